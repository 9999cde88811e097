"""A training as a learner would write it, and what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import make_circles, make_moons
from torch import Tensor

from helpers import Gaussians, Resplits, load


@dataclass(frozen=True)
class Case:
    """cause: a slug of `helpers.doctor.CAUSES`, or "healthy". run: the learner's code; it takes a seed."""

    name: str
    cause: str
    run: Callable[[int], None]


CASES: list[Case] = []


def case(cause: str) -> Callable[[Callable[[int], None]], Callable[[int], None]]:
    """Enter the decorated function as a case of this cause; its name is the case's."""

    def enter(run: Callable[[int], None]) -> Callable[[int], None]:
        CASES.append(Case(run.__name__, cause, run))
        return run

    return enter


def gallery() -> list[Case]:
    """Return all cases: our own, written with the rules, then those of authors who had not seen them, by round."""
    for kind in ("own", "round"):
        for file in sorted(Path(__file__).parent.glob(f"{kind}_*.py")):
            import_module(file.stem)
    return CASES


def data(name: str, seed: int, raw: bool = False) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return training features and labels, then those for validation, in float32; labels are 0.0 or 1.0, shape [rows].

    name: "moons", "circles", "clouds", or a data set of `helpers.load`. Features are standardised, those of `load`
    not if `raw`.
    """
    rng = np.random.default_rng(seed)
    if name in ("moons", "circles"):
        made = (
            make_moons(800, noise=0.2, random_state=seed)
            if name == "moons"
            else make_circles(800, noise=0.1, factor=0.5, random_state=seed)
        )
        x, y = made
    elif name == "clouds":
        x, y = Gaussians(2.0, 8).draw(800, rng)
    else:
        split = Resplits(load(name).distinct(), **({"scaler": None} if raw else {})).split(seed)
        kept = [
            split.train.features[:1200],
            split.train.labels[:1200],
            split.validation.features,
            split.validation.labels,
        ]
        return tuple(value.float() for value in kept)
    x = (x - x[:600].mean(axis=0)) / x[:600].std(axis=0)
    features, labels = torch.from_numpy(x).float(), torch.from_numpy(y).float()
    return features[:600], labels[:600], features[600:], labels[600:]
