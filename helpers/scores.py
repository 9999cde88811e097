"""Scores of many seeds at once, and differences between recipes with their intervals."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import t as student
from sklearn import metrics

from helpers.replicate import Runs

# of the decision (labels, predicted labels), and of the probabilities (labels, probabilities)
_DECISIONS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "accuracy": metrics.accuracy_score,
    "balanced accuracy": metrics.balanced_accuracy_score,
    "precision": lambda labels, predicted: metrics.precision_score(labels, predicted, zero_division=0.0),
    "recall": metrics.recall_score,
    "F1": lambda labels, predicted: metrics.f1_score(labels, predicted, zero_division=0.0),
    "MCC": metrics.matthews_corrcoef,
}
_PROBABILITIES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "average precision": metrics.average_precision_score,
    "ROC AUC": metrics.roc_auc_score,
    "Brier score": metrics.brier_score_loss,
    "log loss": lambda labels, chance: metrics.log_loss(labels, np.clip(chance, 1e-15, 1 - 1e-15)),
}
METRICS = (*_DECISIONS, *_PROBABILITIES)


def score(
    runs: Runs, metric: str, threshold: float | Literal["best F1", "best balanced accuracy"] = 0.5, part: str = "test"
) -> pd.Series:
    """Return one of scikit-learn's metrics for every seed, indexed by seed; NaN where the run diverged.

    metric: one of `METRICS`. Precision and F1 are 0 where no row is called positive.
    threshold: the probability above which a row is called positive, or which of the validation part's thresholds to
        take, chosen for each seed.
    part: "train", "validation" or "test".

    Raises ValueError for anything else.
    """
    _check_choice("metric", metric, METRICS)
    _check_choice("part", part, ("train", "validation", "test"))
    values = {}
    for run in runs:
        labels = getattr(runs.task.split(run.seed), part).labels.numpy().astype(int)
        chance = run.probabilities[part]
        if run.diverged:
            values[run.seed] = np.nan
        elif metric in _PROBABILITIES:
            values[run.seed] = _PROBABILITIES[metric](labels, chance)
        else:
            cut = threshold
            if isinstance(cut, str):
                validation = runs.task.split(run.seed).validation.labels.numpy().astype(int)
                cut = best_threshold(validation, run.probabilities["validation"], cut)
            values[run.seed] = _DECISIONS[metric](labels, (chance > cut).astype(int))
    return pd.Series(values, name=metric, dtype=float)


def best_threshold(labels: np.ndarray, probabilities: np.ndarray, criterion: str) -> float:
    """Return the threshold that is best for these rows; rows above it are called positive.

    labels: 0 or 1, shape [rows]. probabilities: of label 1, shape [rows]. criterion: "best F1" or "best balanced
    accuracy". The threshold lies halfway between the two neighbouring probabilities, or below the lowest.
    """
    _check_choice("threshold", criterion, ("best F1", "best balanced accuracy"))
    false_positives, recall, cuts = metrics.roc_curve(labels, probabilities, drop_intermediate=False)
    if criterion == "best F1":
        positives, negatives = labels.sum(), len(labels) - labels.sum()
        found = recall * positives
        gain = 2 * found / (found + false_positives * negatives + positives)
    else:
        gain = recall - false_positives
    best = int(gain.argmax())
    above = min(cuts[best], 1.0)
    below = max((chance for chance in probabilities if chance < above), default=0.0)
    return float((above + below) / 2)


def table(arms: dict[str, Runs], metrics: Iterable[str], digits: int = 3) -> pd.DataFrame:
    """Return the mean of each metric over the seeds, a row for each arm and a column for each metric, rounded.

    A last column counts the diverged seeds, which have no score, if there are any.
    """
    rows = {arm: {metric: score(runs, metric).mean() for metric in metrics} for arm, runs in arms.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index").round(digits)
    diverged = [runs.diverged for runs in arms.values()]
    return frame.assign(diverged=diverged) if any(diverged) else frame
