"""The checks of the lessons' exercises: each tries the learner's function and says in one sentence what it found."""

from collections.abc import Callable


def _report(name: str, attempt: Callable[[], str | None]) -> None:
    """Print what an attempt found wrong with the learner's function, or that it is right."""
    try:
        problem = attempt()
    except NotImplementedError:
        problem = "it is still to be written"
    except Exception as error:  # whatever the learner's code raises is for the learner to read
        problem = f"it raised {type(error).__name__}: {error}"
    print(f"{name}: {'right.' if problem is None else f'not yet, {problem}.'}")
