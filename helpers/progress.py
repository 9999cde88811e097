"""Progress of long work: a bar where somebody watches, and no trace in what a notebook stores."""

import sys
import time
from types import TracebackType
from typing import Any, Self

PATIENCE = 1.0  # seconds before a bar shows at all


class Progress:
    """Shows how much of `total` is done, as a context manager.

    In a terminal the bar stands on one line of stderr, in a notebook in the cell's output; both vanish at the end.
    A notebook that is executed without a person in front of it (nbval, `jupyter execute`) says so by not answering
    input requests, and gets no bar at all.
    """

    def __init__(self, label: str, total: int) -> None:
        self.label, self.total = label, total
        self.begun, self.shown = time.monotonic(), ""
        self.kernel = _watched_kernel()

    def __enter__(self) -> Self:
        return self

    def show(self, done: int) -> None:
        """Show that so much of the total is done, unless all of it has only taken a moment."""
        text = f"{self.label}: {done} of {self.total}"
        if time.monotonic() - self.begun > PATIENCE and text != self.shown:
            self._write(text, done / self.total)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.shown:
            self._write("", 1.0)

    def _write(self, text: str, share: float) -> None:
        if self.kernel is not None:
            bar = {"text/html": f'<progress value="{share:.3f}"></progress> {text}', "text/plain": text} if text else {}
            content = {"data": bar, "metadata": {}, "transient": {"display_id": f"progress-{id(self)}"}}
            kind = "update_display_data" if self.shown else "display_data"
            self.kernel.session.send(self.kernel.iopub_socket, kind, content, parent=self.kernel.get_parent("shell"))
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{text}")
            sys.stderr.flush()
        self.shown = text or self.shown


def _watched_kernel() -> Any:
    """Return the Jupyter kernel that runs this code if a person is in front of it, else None."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel if getattr(kernel, "_allow_stdin", False) else None
