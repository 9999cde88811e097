"""Scores of many seeds at once, and differences between recipes with their intervals."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import floor, log10, sqrt
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from scipy.stats import t as student
from sklearn import metrics

from helpers.data import Task
from helpers.replicate import Runs
from helpers.training import PARTS, Run

# Calling scikit-learn for every seed took a third of the lessons' time, so the metrics are computed here for all seeds
# at once; the tests compare each with scikit-learn's.

# by the counts of true positives, false positives, false negatives and true negatives, shape [seeds] each
_DECISIONS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "accuracy": lambda tp, fp, fn, tn: (tp + tn) / (tp + fp + fn + tn),
    "balanced accuracy": lambda tp, fp, fn, tn: (tp / (tp + fn) + tn / (tn + fp)) / 2,
    "precision": lambda tp, fp, fn, tn: _ratio(tp, tp + fp),
    "recall": lambda tp, fp, fn, tn: tp / (tp + fn),
    "F1": lambda tp, fp, fn, tn: 2 * tp / (2 * tp + fp + fn),
    "MCC": lambda tp, fp, fn, tn: _ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))),
}


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return above / below, 0 where below is 0."""
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)


def _average_precision(labels: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """The mean over the positives of the precision among the rows that are at least as probable as they."""
    called = rankdata(-chance, method="max", axis=1).astype(int)
    hits = np.take_along_axis(labels, np.argsort(-chance, axis=1), axis=1).cumsum(axis=1)
    precision = np.take_along_axis(hits, called - 1, axis=1) / called
    return (precision * labels).sum(axis=1) / labels.sum(axis=1)


def _roc_auc(labels: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Mann and Whitney's statistic as a share of all pairs (Hanley & McNeil, "The Meaning and Use of the Area under a
    ROC Curve", 1982)."""
    positives = labels.sum(axis=1)
    ranks = (rankdata(chance, axis=1) * labels).sum(axis=1)
    return (ranks - positives * (positives + 1) / 2) / (positives * (labels.shape[1] - positives))


def _log_loss(labels: np.ndarray, chance: np.ndarray) -> np.ndarray:
    smallest = np.finfo(float).eps
    kept = np.clip(chance, smallest, 1 - smallest)
    return -np.where(labels == 1, np.log(kept), np.log1p(-kept)).mean(axis=1)


# by labels and probabilities, shape [seeds, rows] each
_PROBABILITIES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "average precision": _average_precision,
    "ROC AUC": _roc_auc,
    "Brier score": lambda labels, chance: ((chance - labels) ** 2).mean(axis=1),
    "log loss": _log_loss,
}
CRITERIA = ("best F1", "best balanced accuracy")
METRICS = (*_DECISIONS, *_PROBABILITIES)


def score(
    runs: Runs, metric: str, threshold: float | Literal["best F1", "best balanced accuracy"] = 0.5, part: str = "test"
) -> pd.Series:
    """Return one of scikit-learn's metrics for every seed, indexed by seed; NaN where the run diverged.

    metric: one of `METRICS`. Precision and MCC are 0 where they would be 0 / 0; for the log loss
        no probability is closer to 0 or 1 than the distance from 1 to the next float64.
    threshold: the probability above which a row is called positive, or which of the validation part's thresholds to
        take, chosen for each seed.
    part: "train", "validation" or "test".

    Raises ValueError for anything else.
    """
    _check_choice("metric", metric, METRICS)
    _check_choice("part", part, PARTS)
    if isinstance(threshold, str):
        _check_choice("threshold", threshold, CRITERIA)
    values = dict.fromkeys(runs.seeds, np.nan)
    finished = [run for run in runs if not run.diverged]
    for _, group in groupby(finished, key=lambda run: len(run.probabilities[part])):
        alike = list(group)
        labels = np.stack([_labels(runs.task, run, part) for run in alike])
        chance = np.stack([run.probabilities[part] for run in alike])
        if metric in _PROBABILITIES:
            found = _PROBABILITIES[metric](labels, chance)
        else:
            cuts = [_threshold(runs.task, run, threshold) for run in alike]
            found = _DECISIONS[metric](*_counts(labels == 1, chance > np.array(cuts)[:, None]))
        values |= zip([run.seed for run in alike], found, strict=True)
    return pd.Series(values, name=metric, dtype=float)


def _labels(task: Task, run: Run, part: str) -> np.ndarray:
    return getattr(task.split(run.seed), part).labels.numpy().astype(int)


def _threshold(task: Task, run: Run, threshold: float | str) -> float:
    if isinstance(threshold, str):
        return best_threshold(_labels(task, run, "validation"), run.probabilities["validation"], threshold)
    return threshold


def _counts(positive: np.ndarray, called: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the counts of true positives, false positives, false negatives and true negatives, as floats so that their
    products cannot overflow."""
    for truth, call in ((positive, called), (~positive, called), (positive, ~called), (~positive, ~called)):
        yield (truth & call).sum(axis=1).astype(float)


def best_threshold(labels: np.ndarray, probabilities: np.ndarray, criterion: str) -> float:
    """Return the threshold that is best for these rows; rows above it are called positive.

    labels: 0 or 1, shape [rows]. probabilities: of label 1, shape [rows]. criterion: "best F1" or "best balanced
    accuracy". The threshold lies halfway between the two neighbouring probabilities, or below the lowest.
    """
    _check_choice("threshold", criterion, CRITERIA)
    false_positives, recall, cuts = metrics.roc_curve(labels, probabilities, drop_intermediate=False)
    if criterion == "best F1":
        positives, negatives = labels.sum(), len(labels) - labels.sum()
        found = recall * positives
        gain = 2 * found / (found + false_positives * negatives + positives)
    else:
        gain = recall - false_positives
    best = int(gain.argmax())
    above = min(cuts[best], 1.0)
    below = probabilities[probabilities < above].max(initial=0.0)
    return float((above + below) / 2)


class Interval(NamedTuple):
    """A mean over seeds with its 95 % confidence interval."""

    mean: float
    low: float
    high: float
    seeds: int

    @property
    def digits(self) -> int:
        """The number of decimals that the interval's width supports: down to its half-width's second figure."""
        half = (self.high - self.low) / 2
        return 3 if half == 0 else max(0, 1 - floor(log10(half)))

    def __str__(self) -> str:
        return f"{self.mean:.{self.digits}f} ± {(self.high - self.low) / 2:.{self.digits}f}"


def interval(values: pd.Series | np.ndarray, test_to_train: float) -> Interval:
    """Return the mean of one value per seed, with its 95 % interval by Student's t.

    test_to_train: 0 if the seeds are independent. Seeds that re-split the same rows are not, their plain variance is
    too small; with the ratio of test rows to training rows the variance of the mean is corrected from s²/J to
    (1/J + ratio) s² (Nadeau & Bengio, "Inference for the Generalization Error", 2003, equation 9).

    Raises ValueError for fewer than two values, or values that are not finite.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(f"values is {values}; expected at least two finite numbers, one for each seed")
    if not test_to_train >= 0:
        raise ValueError(f"test_to_train is {test_to_train!r}; expected a ratio of at least 0")
    mean = float(values.mean())
    half = float(student.ppf(0.975, len(values) - 1) * sqrt((1 / len(values) + test_to_train) * values.var(ddof=1)))
    return Interval(mean, mean - half, mean + half, len(values))


def table(arms: Mapping[str, Runs], metrics: Iterable[str], **options: Any) -> pd.DataFrame:
    """Return mean ± half-width of the 95 % interval of each metric, a row for each arm, a column for each metric.

    options are those of `score`. Diverged runs have no score; a last column counts them if there are any.
    """
    rows = {}
    for arm, runs in arms.items():
        scores = {metric: score(runs, metric, **options).dropna() for metric in metrics}
        rows[arm] = {metric: str(interval(values, runs.task.test_to_train)) for metric, values in scores.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    diverged = [runs.diverged for runs in arms.values()]
    return frame.assign(diverged=diverged) if any(diverged) else frame


@dataclass(frozen=True)
class Difference:
    """A paired difference between two arms, seed by seed, beside what a claim says of it.

    what: what is compared. task: on what. effect, low, high: mean difference and its 95 % interval. seeds: how many
    pairs. won: the share of seeds with a difference above 0, ties counting half. margin: the smallest difference
    that matters. says: whether the claim wants it "higher" or "lower" than 0 or "equal" to it. when: the condition
    under which it was measured, if the claim depends on one. diverged: the number of pairs left out because a run in
    them diverged.
    """

    what: str
    task: str
    effect: float
    low: float
    high: float
    seeds: int
    won: float
    margin: float
    says: Literal["higher", "lower", "equal"]
    when: str = ""
    diverged: int = 0

    @property
    def outcome(self) -> Literal["supports", "contradicts", "open"]:
        """What the interval says of the claim.

        For "higher" (and, mirrored, "lower"): it supports if the whole interval lies above 0 and the effect reaches
        the margin, and contradicts if the whole interval lies below the margin. For "equal": it supports if the whole
        interval lies within the margin, and contradicts if the whole interval lies on one side of 0 and the effect
        reaches the margin. Anything else leaves the question open.
        """
        effect, low, high = self.effect, self.low, self.high
        if self.says == "equal":
            if -self.margin < low and high < self.margin:
                return "supports"
            return "contradicts" if (low > 0 or high < 0) and abs(effect) >= self.margin else "open"
        if self.says == "lower":
            effect, low, high = -effect, -high, -low
        if low > 0 and effect >= self.margin:
            return "supports"
        return "contradicts" if high < self.margin else "open"


def difference(
    what: str,
    treated: pd.Series,
    control: pd.Series | float,
    task: Task,
    *,
    margin: float,
    says: Literal["higher", "lower", "equal"],
    when: str = "",
) -> Difference:
    """Return the paired difference treated − control, where both are scores indexed by seed (see `Difference`).

    control may be a number: a known value to compare every seed with.

    Raises ValueError if the two do not hold the same seeds, for a margin that is not positive, or an unknown `says`.
    """
    _check_choice("says", says, ("higher", "lower", "equal"))
    if not margin > 0:
        raise ValueError(f"margin is {margin!r}; expected a positive number, the smallest difference that matters")
    if isinstance(control, pd.Series) and list(control.index) != list(treated.index):
        raise ValueError(
            f"control has the seeds {list(control.index)} and treated {list(treated.index)}; expected the same"
        )
    pairs = treated - control
    kept = pairs.dropna()
    mean, low, high, seeds = interval(kept, task.test_to_train)
    won = float((kept > 0).mean() + (kept == 0).mean() / 2)
    return Difference(what, task.name, mean, low, high, seeds, won, margin, says, when, len(pairs) - len(kept))


def _check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(choices)}")
