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
from helpers.doctor import watch

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


def causes_of_sealed(capsys, *answers):
    exercises.check_sealed(lambda number: answers[number - 1])
    return capsys.readouterr().out


def test_the_check_of_the_sealed_trainings_says_which_to_look_at_again(capsys):
    right = ["double_sigmoid", "labels_misaligned", "preprocess_mismatch"]
    assert causes_of_sealed(capsys, *right) == "cause_of: right.\n"
    told = causes_of_sealed(capsys, right[0], "weak_signal", "overfitting")
    assert "2 of 3 are something else; training 2 is not weak_signal: " in told
    assert "expected one of the names in CAUSES" in causes_of_sealed(capsys, right[0], "no idea", right[2])


@pytest.mark.parametrize(
    ("number", "cause"), [(1, "double_sigmoid"), (2, "labels_misaligned"), (3, "preprocess_mismatch")]
)
def test_the_doctor_names_the_fault_of_a_sealed_training(number, cause):
    with watch() as seen:
        sealed = exercises.sealed_training(number)
    assert seen.diagnose().findings[0].cause == cause
    assert f"sealed training {number}: loss " in repr(sealed)
    assert cause not in repr(sealed)


def test_there_are_three_sealed_trainings():
    with pytest.raises(ValueError, match="expected 1, 2 or 3"):
        exercises.sealed_training(4)
