"""Every lesson ends in an exercise whose folded solution passes its check, and whose stub does not."""

import ast
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from helpers import exercises

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
KNOWN = {"np": np, "torch": torch, "nn": nn, "Tensor": Tensor}


def parts(path):
    """Return stub, solution and the line that tests them."""
    cells = nbformat.read(path, 4).cells
    (stub,) = [cell.source for cell in cells if "exercise" in cell.metadata.get("tags", [])]
    (solution,) = [cell.source for cell in cells if "<summary>Solution</summary>" in cell.source]
    (line,) = [found for cell in cells for found in re.findall(r"^check_\w+\(\w+\)$", cell.source, re.MULTILINE)]
    return stub, re.search(r"```python\n(.*?)```", solution, re.DOTALL)[1], line


def names(code):
    return [node.name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)]


def checked(code, line, capsys):
    space = KNOWN | vars(exercises)
    exec(code, space)
    exec(line, space)
    return capsys.readouterr().out


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_solution_passes_and_the_stub_says_that_it_is_to_be_written(path, capsys):
    stub, solution, line = parts(path)
    assert names(stub) == names(solution)[:1]
    assert checked(solution, line, capsys).endswith(": right.\n")
    assert checked(stub, line, capsys).endswith(": not yet, it is still to be written.\n")


def test_an_error_in_the_learners_code_is_told_and_not_raised(capsys):
    for name in (name for name in dir(exercises) if name.startswith("check_")):
        getattr(exercises, name)(lambda *arguments, **options: 1 / 0)
        assert "not yet, it raised ZeroDivisionError: division by zero." in capsys.readouterr().out
