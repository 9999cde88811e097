"""Runs a case of the gallery under `watch`."""

import contextlib
import io
import time
import warnings

import numpy as np
import torch
from case import Case

from helpers.doctor import Diagnosis, watch


def diagnose(case: Case, seed: int) -> tuple[Diagnosis, float]:
    """Run a case under `watch`; return the diagnosis and the seconds that it took."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with contextlib.suppress(Exception), watch() as seen:
            case.run(seed)
    started = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        diagnosis = seen.diagnose()
    return diagnosis, time.monotonic() - started
