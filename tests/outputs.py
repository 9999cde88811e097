"""Re-executes every notebook in place (`make outputs`), and stores nothing that changes from one run to the next.

`jupyter execute --inplace` would also store the time of every cell, the Python version, text cut into pieces by the
clock, and this machine's paths in tracebacks.
"""

import sys
import sysconfig
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [without_machine_paths(line) for line in output.traceback]
    nbformat.write(notebook, path)


def without_machine_paths(text: str) -> str:
    for folder in (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), str(ROOT)):
        text = text.replace(folder + "/", "")
    return text


if __name__ == "__main__":
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        print(f"executing {path.relative_to(ROOT)}", file=sys.stderr)
        execute(path)
