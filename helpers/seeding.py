"""Every random draw of the course comes from here, never from global state."""

from hashlib import sha256

import numpy as np


def generator(experiment: str, seed: int) -> np.random.Generator:
    """Return the random generator of one experiment and one seed.

    The same pair gives the same stream on every machine; different experiments ("split", "batches", …) with
    the same seed give independent streams, so that drawing more of one does not shift the others.

    Raises ValueError if seed is not an integer of at least 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed is {seed!r}; expected an integer of at least 0")
    key = int.from_bytes(sha256(experiment.encode()).digest()[:8], "little")
    return np.random.default_rng([key, int(seed)])


def random_state(experiment: str, seed: int) -> int:
    """Return an integer for libraries that take a `random_state` or `manual_seed` instead of a generator."""
    return int(generator(experiment, seed).integers(2**31))
