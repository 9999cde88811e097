"""What strict nbval lets pass: a notebook that was never run, an ignored cell, a path of one machine in an output.

Each rule takes a notebook and its path and yields a complaint per breach.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAX_LINES = 16


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    for cell in code_cells(notebook):
        yield from cell.outputs


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def syntax_tree(cell: NotebookNode) -> ast.Module:
    return ast.parse(TransformerManager().transform_cell(cell.source))


def first_line(cell: NotebookNode) -> str:
    return f"the cell that begins {cell.source.partition(chr(10))[0]!r}"


def every_cell_ran_in_order(notebook: NotebookNode, path: Path) -> Iterator[str]:
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}: run make outputs"


def no_stderr(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for output in outputs(notebook):
        if output.output_type == "stream" and output.name == "stderr":
            yield f"stderr is stored: {output.text[:80]!r}"


def errors_are_announced(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in code_cells(notebook):
        raised = any(output.output_type == "error" for output in cell.outputs)
        if raised != ("raises-exception" in tags(cell)):
            yield f"{first_line(cell)} {'raised without' if raised else 'did not raise in spite of'} its tag"


def every_output_is_compared(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in code_cells(notebook):
        if re.search("NBVAL_|PYTEST_VALIDATE_", cell.source):
            yield f"{first_line(cell)} carries a marker for nbval"
        for tag in tags(cell):
            if tag.startswith(("nbval-", "pytest-validate-")) or tag == "skip-execution":
                yield f"{first_line(cell)} is tagged {tag}"


def kernel_is_python3(notebook: NotebookNode, path: Path) -> Iterator[str]:
    name = notebook.metadata.get("kernelspec", {}).get("name")
    if name != "python3":
        yield f"the kernel is {name!r}, not 'python3'"


def no_volatile_metadata(notebook: NotebookNode, path: Path) -> Iterator[str]:
    if "version" in notebook.metadata.get("language_info", {}):
        yield "the Python version is stored: run make outputs"
    if any("execution" in cell.metadata for cell in notebook.cells):
        yield "times are stored: run make outputs"


def no_trailing_semicolon(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in code_cells(notebook):
        for line in cell.source.splitlines():
            if line.rstrip().endswith(";"):
                yield f"{line.strip()!r} ends in a semicolon"


def no_machine_in_outputs(notebook: NotebookNode, path: Path) -> Iterator[str]:
    machine = r"0x[0-9a-fA-F]{4,}|grad_fn|/(?:home|root|Users|tmp|opt|usr|var|private|mnt|work)/|[A-Z]:\\\w"
    for output in outputs(notebook):
        texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
        texts += [data for kind, data in output.get("data", {}).items() if kind.startswith("text/")]
        for text in texts:
            for found in re.finditer(rf".{{0,20}}(?:{machine}).{{0,20}}", text):
                yield f"an output speaks of one machine: {found[0]!r}"


def no_name_from_history(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in code_cells(notebook):
        names = [node for node in ast.walk(syntax_tree(cell)) if isinstance(node, ast.Name)]
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for name in sorted({node.id for node in names} - stored):
            if re.fullmatch(r"_{1,3}|_i*\d*|In|Out", name):
                yield f"{first_line(cell)} uses {name}, the output of whichever cell ran before"


def cells_are_short(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in code_cells(notebook):
        length = len(cell.source.splitlines())
        if length > MAX_LINES:
            yield f"{first_line(cell)} has {length} lines, more than {MAX_LINES}"


def only_exercises_define(notebook: NotebookNode, path: Path) -> Iterator[str]:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for cell in code_cells(notebook):
        if not {"exercise", "patient"} & set(tags(cell)):  # a patient is the code that the doctor looks at
            for node in syntax_tree(cell).body:
                if isinstance(node, definitions):
                    yield f"{first_line(cell)} defines {node.name}, which belongs in helpers"


def links_resolve(notebook: NotebookNode, path: Path) -> Iterator[str]:
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for target in dead_links(text, path.parent):
        yield f"the link to {target} leads nowhere"


def dead_links(markdown: str, folder: Path) -> Iterator[str]:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", markdown, flags=re.DOTALL)
    targets = re.findall(r"\]\(<?([^)\s>]+)", prose) + re.findall(r"""(?:href|src)=["']([^"']+)""", prose)
    for target in targets:
        file = unquote(target.partition("#")[0])
        elsewhere = re.match(r"[a-z]+:", target)
        if file and not elsewhere and not (folder / file).exists():
            yield target


RULES = [
    every_cell_ran_in_order,
    no_stderr,
    errors_are_announced,
    every_output_is_compared,
    kernel_is_python3,
    no_volatile_metadata,
    no_trailing_semicolon,
    no_machine_in_outputs,
    no_name_from_history,
    cells_are_short,
    only_exercises_define,
    links_resolve,
]


def test_names_number_the_notebooks_from_00() -> None:
    names = [path.name for path in NOTEBOOKS]
    assert names, "notebooks/ holds no notebook"
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", name) for name in names), names
    assert [int(name[:2]) for name in names] == list(range(len(names))), names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path: Path, rule) -> None:
    complaints = list(rule(nbformat.read(path, as_version=4), path))
    assert not complaints, "\n".join(complaints)


def test_links_of_the_readme() -> None:
    assert list(dead_links((ROOT / "README.md").read_text(encoding="utf-8"), ROOT)) == []


# The gate itself: a sound notebook passes every rule, and each fault below sets off its rule and no other.


def ran(source: str, *cell_outputs: NotebookNode, tags: tuple[str, ...] = (), count: int | None = 1) -> NotebookNode:
    metadata = {"tags": list(tags)} if tags else {}
    return new_code_cell(source, execution_count=count, outputs=list(cell_outputs), metadata=metadata)


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def error(line: str = "ValueError: no") -> NotebookNode:
    return new_output("error", ename="ValueError", evalue="no", traceback=[line])


def result(text: str) -> NotebookNode:
    return new_output("execute_result", data={"text/plain": text}, execution_count=1)


def notebook_of(*cells: NotebookNode, kernel: str = "python3", **language: str) -> NotebookNode:
    kernelspec = {"name": kernel, "display_name": "Python 3"}
    language_info = {"name": "python"} | language
    return new_notebook(cells=list(cells), metadata={"kernelspec": kernelspec, "language_info": language_info})


SOUND = notebook_of(
    new_markdown_cell("[this lesson](00_sound.ipynb#top), [PyTorch](https://pytorch.org), `array[0](missing.md)`"),
    ran("%matplotlib inline\nfor _ in range(2):\n    print(_)", stream("0\n1\n")),
    ran("raise ValueError('no')", error(), tags=("raises-exception",), count=2),
    ran("def answer() -> int:\n    return 42", tags=("exercise",), count=3),
    ran("def train(model):\n    return model", tags=("patient",), count=4),
)

FAULTS = [
    (every_cell_ran_in_order, notebook_of(ran("1", count=None))),
    (every_cell_ran_in_order, notebook_of(ran("x = 1", count=2))),
    (every_cell_ran_in_order, notebook_of(ran("x = 1", count=1), ran("x = 2", count=1))),
    (no_stderr, notebook_of(ran("x = 1", stream("UserWarning", name="stderr")))),
    (errors_are_announced, notebook_of(ran("x", error()))),
    (errors_are_announced, notebook_of(ran("x = 1", tags=("raises-exception",)))),
    (every_output_is_compared, notebook_of(ran("# NBVAL_IGNORE_OUTPUT\nx = 1"))),
    (every_output_is_compared, notebook_of(ran("x = 1", tags=("nbval-ignore-output",)))),
    (every_output_is_compared, notebook_of(ran("x = 1", tags=("nbval-skip",)))),
    (every_output_is_compared, notebook_of(ran("x = 1", tags=("skip-execution",)))),
    (kernel_is_python3, notebook_of(kernel="course")),
    (no_volatile_metadata, notebook_of(version="3.11.7")),
    (no_volatile_metadata, notebook_of(new_code_cell("x = 1", execution_count=1, metadata={"execution": {}}))),
    (no_trailing_semicolon, notebook_of(ran("plt.plot(x);"))),
    (no_machine_in_outputs, notebook_of(ran("x", result("<object at 0x7f2b90d1c350>")))),
    (no_machine_in_outputs, notebook_of(ran("x", result("tensor(1., grad_fn=<AddBackward0>)")))),
    (no_machine_in_outputs, notebook_of(ran("x = 1", stream("read /home/me/course/data")))),
    (no_machine_in_outputs, notebook_of(ran("x = 1", stream(r"read C:\course\data")))),
    (no_machine_in_outputs, notebook_of(ran("x", error("File /usr/lib/x.py:1"), tags=("raises-exception",)))),
    (no_name_from_history, notebook_of(ran("print(_)"))),
    (no_name_from_history, notebook_of(ran("print(_3 + Out[2])"))),
    (cells_are_short, notebook_of(ran("x = 1\n" * (MAX_LINES + 1)))),
    (only_exercises_define, notebook_of(ran("def helper():\n    pass"))),
    (only_exercises_define, notebook_of(ran("class Net:\n    pass"))),
    (links_resolve, notebook_of(new_markdown_cell("[next](01_missing.ipynb)"))),
    (links_resolve, notebook_of(new_markdown_cell('<img src="figures/missing.png">'))),
]


def rules_broken(notebook: NotebookNode, folder: Path) -> set[str]:
    path = folder / "00_sound.ipynb"
    path.touch()
    return {rule.__name__ for rule in RULES if list(rule(notebook, path))}


def test_a_sound_notebook_passes(tmp_path: Path) -> None:
    assert rules_broken(SOUND, tmp_path) == set()


@pytest.mark.parametrize(("rule", "notebook"), FAULTS, ids=[rule.__name__ for rule, _ in FAULTS])
def test_a_fault_is_caught(rule, notebook: NotebookNode, tmp_path: Path) -> None:
    assert rules_broken(notebook, tmp_path) == {rule.__name__}


def test_every_rule_is_tried() -> None:
    assert {rule for rule, _ in FAULTS} == set(RULES)


@pytest.mark.parametrize(("stored", "exit_code"), [("2", 0), ("3", 1)])
def test_strict_nbval_compares(stored: str, exit_code: int, tmp_path: Path) -> None:
    nbformat.write(notebook_of(ran("1 + 1", result(stored))), tmp_path / "00_sum.ipynb")
    pytest_with_our_settings = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path]
    run = subprocess.run([*pytest_with_our_settings, "--nbval", tmp_path], capture_output=True, text=True, check=False)
    assert run.returncode == exit_code, run.stdout + run.stderr
