"""The learner's own lines: where they stand, in words, and what is written there."""

import ast
import linecache
import os
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache


def place(where: str) -> str:
    """Return "file:line" as a person would say it, the same on every machine and however a cell was run.

    It is the cell of the running notebook, by its first line, or the path from the working directory; a path that leads
    out of there by more than two folders stays as it is.
    """
    file, _, line = where.rpartition(":")
    if not file or not line.isdigit():
        return where
    if _CELL.search(file):
        return f"line {line} of {_cell(file)}"
    return f"{_file(file)}, line {line}"


_CELL = re.compile(r"ipykernel_\d+|^<ipython-input")


def _cell(file: str) -> str:
    first = next((line.strip() for line in linecache.getlines(file) if line.strip()), "")
    return f"the cell that begins with `{first[:40]}{'…' if len(first) > 40 else ''}`" if first else "a cell"


def _file(file: str) -> str:
    try:
        relative = os.path.relpath(file)
    except ValueError:  # another drive of Windows
        return file
    return file if file.startswith("<") or relative.startswith(os.path.join(*[os.pardir] * 3)) else relative


@dataclass(frozen=True)
class Source:
    """A file or cell, and one of its lines."""

    file: str
    number: int

    @classmethod
    def of(cls, where: str) -> "Source | None":
        """Return the source of "file:line"; None if it can't be read."""
        file, _, number = where.rpartition(":")
        found = cls(file, int(number)) if file and number.isdigit() else None
        return found if found is not None and 0 < found.number <= len(found.lines) else None

    def at(self, number: int) -> "Source":
        """Return another line of the same file."""
        return Source(self.file, number)

    @cached_property
    def lines(self) -> list[str]:
        """All lines, without their ends."""
        return [line.rstrip("\r\n") for line in linecache.getlines(self.file)]

    @cached_property
    def tree(self) -> ast.Module | None:
        """What Python reads there; None if it can't."""
        return parsed("\n".join(self.lines))

    @cached_property
    def statement(self) -> range:
        """The numbers of the lines of the statement, of a compound statement those of its head."""
        found = range(self.number, self.number + 1)
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.stmt) and node.lineno <= self.number <= (node.end_lineno or 0):
                body = getattr(node, "body", None)
                end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
                if self.number <= end:
                    found = range(node.lineno, end + 1)  # ast.walk comes to the innermost last
        return found

    @property
    def text(self) -> str:
        """The lines of the statement."""
        return "\n".join(self.lines[number - 1] for number in self.statement)

    def context(self, lines: range, around: int = 2) -> tuple[range, range]:
        """Return the numbers of so many lines before and after these, blank ones at the ends left out."""
        before = range(max(1, lines.start - around), lines.start)
        after = range(lines.stop, min(len(self.lines), lines.stop - 1 + around) + 1)
        while before and not self.lines[before[0] - 1].strip():
            before = before[1:]
        while after and not self.lines[after[-1] - 1].strip():
            after = after[:-1]
        return before, after


@lru_cache(maxsize=8)
def parsed(text: str) -> ast.Module | None:
    """Return the syntax tree, which is shared and not to be changed; None for text that is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None
