"""Finds out why a learner's own training code does not learn.

with watch() as seen:
    train_and_evaluate()
seen.diagnose()

Or `%%diagnose` on top of a notebook's cell, after `%load_ext helpers.doctor`; or `python -m helpers.doctor script.py`.
"""

from typing import Any

from helpers.doctor.findings import CAUSES, Diagnosis, Finding
from helpers.doctor.pieces import diagnose
from helpers.doctor.watch import Watch, watch

__all__ = ["CAUSES", "Diagnosis", "Finding", "Watch", "diagnose", "load_ipython_extension", "watch"]


def load_ipython_extension(shell: Any) -> None:
    """Give a notebook the cell magic `%%diagnose`, which runs the cell under `watch` and shows the diagnosis."""

    def diagnose_cell(line: str, cell: str) -> Diagnosis:
        shell.execution_count -= 1  # which counts the next cell already; this is still the one with the magic
        try:
            with watch() as seen:
                # in place of the magic's own line, so that lines keep their numbers
                result = shell.run_cell(cell if cell.lstrip().startswith("%%") else f"# %%diagnose\n{cell}")
        finally:
            shell.execution_count += 1
        seen.error = seen.error or result.error_in_exec
        return seen.diagnose()

    shell.register_magic_function(diagnose_cell, "cell", "diagnose")
