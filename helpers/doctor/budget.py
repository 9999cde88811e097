"""The time that a diagnosis may take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf


class NoRerun(RuntimeError):
    """The training can't be run again as asked for; the message says why."""


class OutOfTime(NoRerun):
    """The time for the diagnosis was used up before this was done."""


_ENDS: ContextVar[tuple[float, float]] = ContextVar("ends", default=(inf, inf))  # of this thread's work, on the clock


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Give what runs inside so many seconds of work, and half as many again on the clock: another program's work is
    not ours.

    Raises ValueError for a number of seconds that is not positive.
    """
    if not seconds > 0:
        raise ValueError(f"budget is {seconds!r}; expected a positive number of seconds")
    before = _ENDS.set((time.thread_time() + seconds, time.monotonic() + 1.5 * seconds))
    try:
        yield
    finally:
        _ENDS.reset(before)


def seconds_left() -> float:
    """Return how many seconds are left, infinitely many where nothing limits them."""
    work, clock = _ENDS.get()
    return min(work - time.thread_time(), clock - time.monotonic())


def check_time() -> None:
    """Raise OutOfTime if no time is left. What takes long, a step of a re-run or a reference model, begins with it."""
    if seconds_left() < 0:
        raise OutOfTime("no time was left; budget=, in seconds, gives more")
