"""Scores and intervals, with scikit-learn, closed forms and simulation as the oracles."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn import metrics

from helpers import (
    MLP,
    FreshDraws,
    Gaussians,
    Recipe,
    Resplits,
    Runs,
    difference,
    interval,
    load,
    replicate,
    score,
    table,
)
from helpers.scores import METRICS, Difference, Interval, best_threshold

TASK = FreshDraws(Gaussians(1.5, 3, prevalence=0.2), train=200, validation=150, test=150)
RUNS = replicate(Recipe(network=MLP((8,)), batch_size=50, epochs=8, learning_rate=0.02), TASK, range(4))
WILD = replicate(RUNS.recipe.but(optimizer="sgd", learning_rate=1e250), TASK, range(4))

ORACLE = {
    "accuracy": lambda y, p, d: metrics.accuracy_score(y, d),
    "balanced accuracy": lambda y, p, d: metrics.balanced_accuracy_score(y, d),
    "precision": lambda y, p, d: metrics.precision_score(y, d, zero_division=0.0),
    "recall": lambda y, p, d: metrics.recall_score(y, d),
    "F1": lambda y, p, d: metrics.f1_score(y, d, zero_division=0.0),
    "MCC": lambda y, p, d: metrics.matthews_corrcoef(y, d),
    "average precision": lambda y, p, d: metrics.average_precision_score(y, p),
    "ROC AUC": lambda y, p, d: metrics.roc_auc_score(y, p),
    "Brier score": lambda y, p, d: metrics.brier_score_loss(y, p),
    "log loss": lambda y, p, d: metrics.log_loss(y, p),
}


def made_up(task, probabilities):
    """Runs of the seeds 0, 1, … that gave these probabilities for their test rows."""
    runs = [replace(RUNS[0], seed=seed, probabilities={"test": chance}) for seed, chance in enumerate(probabilities)]
    return Runs(RUNS.recipe, task, tuple(runs))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_scores_are_those_of_their_definition(metric, part):
    found = score(RUNS, metric, part=part)
    assert found.name == metric and list(found.index) == [0, 1, 2, 3]
    for run in RUNS:
        labels = getattr(TASK.split(run.seed), part).labels.numpy().astype(int)
        chance = run.probabilities[part]
        assert found[run.seed] == pytest.approx(ORACLE[metric](labels, chance, (chance > 0.5).astype(int)), abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_scores_are_scikit_learns_with_ties_and_without_a_call_and_where_parts_differ_in_length(metric):
    class Uneven:
        name, test_to_train = "uneven", 0.0

        def split(self, seed):
            return replace(TASK.split(seed), test=FreshDraws(Gaussians(), test=60 + 20 * (seed // 2)).split(seed).test)

    rng = np.random.default_rng(0)
    chances = [rng.integers(0, 5, 60 + 20 * (seed // 2)) / 8 for seed in range(4)]
    chances[3] = np.full(80, 0.25)  # nothing is called positive
    found = score(made_up(Uneven(), chances), metric)
    for seed, chance in enumerate(chances):
        labels = Uneven().split(seed).test.labels.numpy().astype(int)
        assert found[seed] == pytest.approx(ORACLE[metric](labels, chance, (chance > 0.5).astype(int)), abs=1e-12)


def test_a_threshold_decides_what_is_called_positive():
    low, high = (score(RUNS, "recall", threshold=cut) for cut in (0.1, 0.9))
    assert (low > high).all()
    assert score(RUNS, "ROC AUC", threshold=0.1).equals(score(RUNS, "ROC AUC"))


@pytest.mark.parametrize(
    ("criterion", "gain"), [("best F1", metrics.f1_score), ("best balanced accuracy", metrics.balanced_accuracy_score)]
)
def test_the_best_threshold_is_found_on_the_validation_part(criterion, gain):
    name = {"best F1": "F1", "best balanced accuracy": "balanced accuracy"}[criterion]
    found = score(RUNS, name, threshold=criterion)
    for run in RUNS:
        labels = TASK.split(run.seed).validation.labels.numpy().astype(int)
        chance = run.probabilities["validation"]
        cut = best_threshold(labels, chance, criterion)
        best = max(gain(labels, chance > other) for other in [-1.0, *chance])
        assert gain(labels, chance > cut) == pytest.approx(best)
        test = TASK.split(run.seed).test.labels.numpy().astype(int)
        assert found[run.seed] == pytest.approx(gain(test, run.probabilities["test"] > cut))


def test_the_best_threshold_lies_between_two_probabilities():
    labels, chance = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.8])
    assert best_threshold(labels, chance, "best F1") == pytest.approx(0.4)
    assert best_threshold(np.array([1, 0, 1]), np.array([0.3, 0.4, 0.5]), "best F1") == pytest.approx(0.15)


@pytest.mark.filterwarnings("error")
def test_a_diverged_run_has_no_score_and_is_counted():
    assert WILD.diverged == 4
    assert score(WILD, "accuracy").isna().all() and score(WILD, "log loss").isna().all()
    mixed = type(RUNS)(RUNS.recipe, TASK, (*RUNS.runs[:3], WILD.runs[3]))
    frame = table({"calm": RUNS, "mixed": mixed}, ["ROC AUC"])
    assert frame["diverged"].tolist() == [0, 1]
    assert "diverged" not in table({"calm": RUNS}, ["ROC AUC"])
    found = difference("a − b", score(mixed, "recall"), score(RUNS, "recall"), TASK, margin=0.1, says="equal")
    assert found.seeds == 3 and found.diverged == 1


def test_precision_without_alarms_is_zero():
    assert (score(RUNS, "precision", threshold=1.0) == 0).all()


def test_a_table_gives_mean_and_half_width_to_the_digits_that_the_interval_supports():
    values = score(RUNS, "ROC AUC")
    mean, low, high, seeds = interval(values, 0.0)
    assert table({"net": RUNS}, ["ROC AUC"]).loc["net", "ROC AUC"] == str(Interval(mean, low, high, seeds))
    assert str(Interval(0.91234, 0.90034, 0.92434, 20)) == "0.912 ± 0.012"
    assert str(Interval(0.91234, 0.79234, 1.03234, 20)) == "0.91 ± 0.12"
    assert str(Interval(1.0, 1.0, 1.0, 20)) == "1.000 ± 0.000"
    assert Interval(412.3, 212.3, 612.3, 5).digits == 0


def test_the_interval_is_students():
    values = np.array([1.0, 2.0, 4.0])
    mean, low, high, seeds = interval(values, 0.0)
    half = 4.302652729749464 * np.sqrt(values.var(ddof=1) / 3)  # t of 2 degrees of freedom at 97.5 %
    assert (mean, low, high, seeds) == pytest.approx((7 / 3, 7 / 3 - half, 7 / 3 + half, 3))
    wide = interval(values, 0.5)
    assert (wide.high - wide.low) / (high - low) == pytest.approx(np.sqrt((1 / 3 + 0.5) / (1 / 3)))


def test_the_plain_interval_covers_the_truth_on_fresh_draws():
    rng = np.random.default_rng(0)
    covered = [low <= 0.3 <= high for _, low, high, _ in (interval(rng.normal(0.3, 1.0, 20), 0.0) for _ in range(2000))]
    assert 0.935 < np.mean(covered) < 0.965


def test_on_resplits_the_corrected_interval_covers_and_the_plain_one_does_not():
    """Draw many finite data sets, re-split each 20 times as `Resplits` does, and see which interval holds the truth:
    the mean accuracy on endless fresh rows, in closed form, of the classifier that so many training rows give."""
    rows, direction, rng = 200, np.full(4, 0.5), np.random.default_rng(1)
    ratio = Resplits.__dataclass_fields__["test_to_train"].default
    truths, plain, corrected = [], [], []
    for _ in range(400):
        features, labels = Gaussians(1.0, 4).draw(rows, rng)
        scores = []
        for _ in range(20):
            order = rng.permutation(rows)
            train, test = order[:120], order[160:]
            means = [features[train][labels[train] == label].mean(axis=0) for label in (0, 1)]
            weights, cut = means[1] - means[0], (means[1] - means[0]) @ (means[1] + means[0]) / 2
            scores.append(np.mean((features[test] @ weights > cut) == labels[test]))
            reach = (np.array([-0.5, 0.5]) * (weights @ direction) - cut) / np.linalg.norm(weights)
            truths.append((norm.cdf(-reach[0]) + norm.cdf(reach[1])) / 2)
        plain.append(interval(np.array(scores), 0.0))
        corrected.append(interval(np.array(scores), ratio))
    shares = [np.mean([low <= np.mean(truths) <= high for _, low, high, _ in found]) for found in (plain, corrected)]
    assert shares[0] < 0.75
    assert 0.90 < shares[1] <= 1.0


@pytest.mark.parametrize(
    ("values", "ratio", "message"),
    [
        ([1.0], 0.0, r"values is \[1.\]; expected at least two finite numbers"),
        ([1.0, np.nan], 0.0, "expected at least two finite numbers"),
        ([1.0, 2.0], -1.0, "test_to_train is -1.0; expected a ratio of at least 0"),
    ],
)
def test_interval_refuses_what_has_none(values, ratio, message):
    with pytest.raises(ValueError, match=message):
        interval(np.array(values), ratio)


def series(*values, start=0):
    return pd.Series(values, index=range(start, start + len(values)), dtype=float)


def test_a_difference_is_paired_by_seed():
    treated, control = series(0.9, 0.5, 0.7, 0.6), series(0.8, 0.5, 0.5, 0.7)
    found = difference("treated − control", treated, control, TASK, margin=0.05, says="higher", when="it rains")
    assert (found.effect, found.low, found.high) == pytest.approx(interval(np.array([0.1, 0.0, 0.2, -0.1]), 0.0)[:3])
    assert found.won == pytest.approx(2.5 / 4)
    assert (found.seeds, found.task, found.when, found.margin) == (4, "two Gaussians", "it rains", 0.05)


def test_a_difference_from_a_known_value_and_on_resplits():
    task = Resplits(load("breast_cancer"))
    found = difference("treated − 0.5", series(0.6, 0.7, 0.8), 0.5, task, margin=0.05, says="higher")
    assert (found.effect, found.low, found.high) == pytest.approx(interval(np.array([0.1, 0.2, 0.3]), 1 / 3)[:3])


@pytest.mark.parametrize(
    ("says", "effect", "low", "high", "outcome"),
    [
        ("higher", 0.20, 0.10, 0.30, "supports"),
        ("higher", 0.06, 0.01, 0.11, "supports"),
        ("higher", 0.04, 0.01, 0.07, "open"),
        ("higher", 0.04, 0.03, 0.049, "contradicts"),
        ("higher", 0.00, -0.02, 0.02, "contradicts"),
        ("higher", -0.2, -0.3, -0.1, "contradicts"),
        ("higher", 0.10, -0.1, 0.30, "open"),
        ("lower", -0.2, -0.3, -0.1, "supports"),
        ("lower", 0.20, 0.10, 0.30, "contradicts"),
        ("lower", -0.01, -0.03, 0.01, "contradicts"),
        ("lower", -0.1, -0.3, 0.1, "open"),
        ("equal", 0.00, -0.02, 0.03, "supports"),
        ("equal", 0.02, 0.01, 0.03, "supports"),
        ("equal", 0.10, 0.05, 0.15, "contradicts"),
        ("equal", -0.1, -0.15, -0.02, "contradicts"),
        ("equal", 0.04, 0.01, 0.07, "open"),
        ("equal", 0.00, -0.2, 0.2, "open"),
    ],
)
def test_what_an_interval_says_of_a_claim(says, effect, low, high, outcome):
    assert Difference("d", "t", effect, low, high, 20, 0.5, 0.05, says).outcome == outcome


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"says": "better"}, "says is 'better'; expected one of higher, lower, equal"),
        ({"margin": 0.0}, "margin is 0.0; expected a positive number"),
        (
            {"control": series(0.1, 0.2, start=1)},
            r"control has the seeds \[1, 2\] and treated \[0, 1\]; expected the same",
        ),
    ],
)
def test_difference_refuses_what_cannot_be_compared(changes, message):
    settings = {"treated": series(0.1, 0.2), "control": series(0.1, 0.2), "margin": 0.1, "says": "higher"} | changes
    with pytest.raises(ValueError, match=message):
        difference("d", task=TASK, **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"metric": "auc"}, "metric is 'auc'; expected one of accuracy, balanced accuracy"),
        ({"metric": "recall", "threshold": "F1"}, "threshold is 'F1'; expected one of best F1, best balanced accuracy"),
        ({"metric": "recall", "part": "dev"}, "part is 'dev'; expected one of train, validation, test"),
    ],
)
def test_score_refuses_unknown_names(settings, message):
    with pytest.raises(ValueError, match=message):
        score(RUNS, **settings)
