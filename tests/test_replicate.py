"""Many seeds together: the same numbers as each alone."""

import sys
import threading
import warnings

import numpy as np
import pytest
import torch
from imblearn.over_sampling import SMOTE
from imblearn.under_sampling import EditedNearestNeighbours
from torch import nn

from helpers import (
    BCE,
    MLP,
    BCEWithLogits,
    Focal,
    FreshDraws,
    Gaussians,
    NoisyXor,
    Recipe,
    Resplits,
    Split,
    SquaredError,
    cosine,
    fit,
    load,
    replicate,
    sweep,
)
from helpers.training import MONITORS, PARTS

TASK = FreshDraws(NoisyXor(0.1, 4), train=230, validation=90, test=70)  # neither is a multiple of the batch size
IMBALANCED = FreshDraws(Gaussians(1.5, 3, prevalence=0.2), train=230, validation=90, test=70)
SMALL = Recipe(network=MLP((16, 8)), batch_size=50, epochs=5, learning_rate=0.01)

RECIPES = {
    "adam": (TASK, SMALL),
    "adamw": (TASK, SMALL.but(optimizer="adamw", weight_decay=0.1)),
    "sgd": (TASK, SMALL.but(optimizer="sgd", momentum=0.9, weight_decay=0.01)),
    "rmsprop": (TASK, SMALL.but(optimizer="rmsprop", momentum=0.5)),
    "dropout": (TASK, SMALL.but(network=MLP((16, 8), dropout=0.4))),
    "dropout, tanh": (TASK, SMALL.but(network=MLP((16, 8), activation="tanh", dropout=0.2))),
    "sigmoid": (TASK, SMALL.but(network=MLP((16, 8), activation="sigmoid"))),
    "leaky relu": (TASK, SMALL.but(network=MLP((16, 8), activation="leaky_relu"))),
    "identity": (TASK, SMALL.but(network=MLP((16, 8), activation="identity"))),
    "no hidden layer": (TASK, SMALL.but(network=MLP(()))),
    "deep": (TASK, SMALL.but(network=MLP((8,) * 6))),
    "patience, loss": (TASK, SMALL.but(epochs=60, patience=2, learning_rate=0.03)),
    "patience, accuracy": (TASK, SMALL.but(epochs=60, patience=2, learning_rate=0.03, monitor=MONITORS[1])),
    "dropout, patience": (
        TASK,
        SMALL.but(network=MLP((16, 8), dropout=0.4), epochs=60, patience=2, learning_rate=0.03),
    ),
    "pos_weight": (IMBALANCED, SMALL.but(pos_weight="balanced")),
    "focal": (IMBALANCED, SMALL.but(loss=Focal(2.0), pos_weight=3.0)),
    "probabilities": (TASK, SMALL.but(network=MLP((16, 8), output="probability"), loss=BCE())),
    "two sigmoids": (TASK, SMALL.but(network=MLP((16, 8), output="probability"))),
    "smoothed labels": (TASK, SMALL.but(loss=BCEWithLogits(smoothing=0.1))),
    "squared error": (TASK, SMALL.but(network=MLP((16, 8), output="probability"), loss=SquaredError())),
    "l1": (TASK, SMALL.but(l1=0.001)),
    "schedule": (TASK, SMALL.but(optimizer="sgd", learning_rate=0.1, schedule=cosine)),
    "smote": (IMBALANCED, SMALL.but(sampler=SMOTE())),
    "edited neighbours": (IMBALANCED, SMALL.but(sampler=EditedNearestNeighbours())),
    "real data": (Resplits(load("hypothyroid").distinct()), Recipe(epochs=2)),
}


def gap(run, other):
    """The largest difference between two runs, in probabilities, histories and weights."""
    assert run.seed == other.seed and run.best_epoch == other.best_epoch and run.history.keys() == other.history.keys()
    pairs = [(run.probabilities[part], other.probabilities[part]) for part in PARTS]
    pairs += [(run.history[name], other.history[name]) for name in run.history]
    pairs += [(run.validation_by_epoch, other.validation_by_epoch)]
    weights = zip(run.model.parameters(), other.model.parameters(), strict=True)
    pairs += [(one.detach().numpy(), two.detach().numpy()) for one, two in weights]
    return max(np.abs(one - two).max() for one, two in pairs)


@pytest.mark.parametrize("name", RECIPES)
def test_one_seed_one_result(name):
    task, recipe = RECIPES[name]
    alone, first, beside = fit(recipe, task, 3), replicate(recipe, task, [3]), replicate(recipe, task, range(7))
    assert gap(alone, first[0]) < 1e-9
    assert gap(alone, beside[3]) < 1e-9
    assert beside.seeds == tuple(range(7)) and len(first) == 1


ARMS = {
    "adam": SMALL,
    "adam, faster": SMALL.but(learning_rate=0.1),
    "sgd": SMALL.but(optimizer="sgd", momentum=0.9, weight_decay=0.01),
    "focal": SMALL.but(loss=Focal(2.0), pos_weight=3.0),
    "adamw": SMALL.but(optimizer="adamw", weight_decay=0.1, pos_weight="balanced"),
    "smoothed": SMALL.but(loss=BCEWithLogits(smoothing=0.1), l1=0.01),
    "rmsprop": SMALL.but(optimizer="rmsprop", l1=0.001),
    "smote": SMALL.but(sampler=SMOTE()),
    "neighbours": SMALL.but(sampler=EditedNearestNeighbours(), learning_rate=0.1),
    "schedule": SMALL.but(optimizer="sgd", learning_rate=0.1, schedule=cosine),
    "no schedule": SMALL.but(optimizer="sgd", learning_rate=0.1),
    "wild": SMALL.but(optimizer="sgd", learning_rate=1e250),
}


@pytest.mark.parametrize(
    ("stack", "change"),
    [
        (5, {}),
        (100, {"network": MLP((16, 8), dropout=0.4)}),
        (100, {"epochs": 12, "patience": 2}),
        (5, {"network": MLP((8,), output="probability"), "epochs": 2}),
    ],
    ids=["plain", "dropout", "patience", "probability"],
)
def test_one_pair_one_result_whichever_others_run_beside_it(stack, change, monkeypatch):
    monkeypatch.setattr(sys.modules["helpers.replicate"], "STACK", stack)
    recipes = {name: recipe.but(**change) for name, recipe in ARMS.items()}
    together = sweep(recipes, IMBALANCED, [4, 2])
    assert list(together) == list(recipes)
    for name, runs in together.items():
        assert runs.recipe is recipes[name] and runs.task is IMBALANCED and runs.seeds == (4, 2)
        assert runs.diverged == (2 if name == "wild" else 0)
        if name != "wild":
            assert max(gap(run, fit(recipes[name], IMBALANCED, run.seed)) for run in runs) < 1e-9


def test_a_sweep_takes_recipes_that_have_little_in_common():
    recipes = {
        2: SMALL,
        "wider": SMALL.but(network=MLP((32,))),
        "custom": SMALL.but(network=lambda inputs: nn.Linear(inputs, 1)),
        ("larger", "batches"): SMALL.but(batch_size=100),
        "longer": SMALL.but(epochs=7),
        "float32": SMALL.but(dtype=torch.float32),
    }
    together = sweep(recipes, TASK, [1, 0])
    assert list(together) == list(recipes)
    for name, runs in together.items():
        limit = 1e-5 if name == "float32" else 1e-9
        assert max(gap(run, fit(recipes[name], TASK, run.seed)) for run in runs) < limit


@pytest.mark.parametrize("endless", [True, False])
def test_recipes_that_differ_only_in_when_they_stop_share_their_training(endless):
    trained = []

    class Counting(BCEWithLogits):
        def gradient(self, outputs, labels):
            trained.append(len(outputs))
            return super().gradient(outputs, labels)

    stopping = SMALL.but(loss=Counting(), epochs=60, patience=2, learning_rate=0.03)
    recipes = {"patience 2": stopping, "patience 5": stopping.but(patience=5),
               "accuracy": stopping.but(monitor=MONITORS[1])}  # fmt: skip
    if endless:
        recipes["to the end"] = stopping.but(patience=None)
    together = sweep(recipes, TASK, [4, 2], threads=1)
    assert set(trained) == {2}
    epochs = {len(run.history["train_loss"]) for runs in together.values() for run in runs}
    assert len(epochs) >= 4
    assert len(trained) == max(epochs) * stopping.steps_for(230) // 60
    for name, runs in together.items():
        assert max(gap(run, fit(recipes[name], TASK, run.seed)) for run in runs) < 1e-9


def test_a_sweep_makes_the_split_of_a_seed_once_for_all_its_networks():
    made = []

    class Counting:
        name, test_to_train = "counting", 0.0

        def split(self, seed: int) -> Split:
            made.append(seed)
            return TASK.split(seed)

    sweep({rate: SMALL.but(learning_rate=rate) for rate in (0.1, 0.01, 0.001)}, Counting(), range(2), threads=1)
    assert made == [0, 1]


def test_many_seeds_in_several_stacks_and_threads_are_the_same_as_in_one():
    one, three = (replicate(SMALL, TASK, range(40), threads=threads) for threads in (1, 3))
    assert max(gap(a, b) for a, b in zip(one, three, strict=True)) < 1e-9


def test_threads_are_left_as_they_were():
    before = torch.get_num_threads()
    replicate(SMALL, TASK, range(3), threads=2)
    assert torch.get_num_threads() == before
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPool")]


def test_seeds_differ_and_arms_with_the_same_seed_are_paired():
    recipe = SMALL.but(optimizer="sgd")
    runs, other = replicate(recipe, TASK, range(5)), replicate(recipe.but(weight_decay=1e-9), TASK, range(5))
    tests = [tuple(run.probabilities["test"]) for run in runs]
    assert len(set(tests)) == 5
    assert max(gap(a, b) for a, b in zip(runs, other, strict=True)) < 1e-6


def test_the_model_of_a_run_gives_its_probabilities():
    for run in replicate(SMALL, TASK, range(3)):
        features = TASK.split(run.seed).test.features
        with torch.no_grad():
            assert np.abs(torch.sigmoid(run.model(features))[:, 0].numpy() - run.probabilities["test"]).max() < 1e-12
        assert not run.model.training


def test_float32_is_float32():
    run = replicate(SMALL.but(dtype=torch.float32), TASK, [0])[0]
    assert {values.dtype for values in run.model.parameters()} == {torch.float32}
    assert 1e-9 < np.abs(run.probabilities["test"] - fit(SMALL, TASK, 0).probabilities["test"]).max() < 1e-2


def test_other_networks_are_trained_one_after_the_other():
    def network(inputs):
        return nn.Sequential(nn.Linear(inputs, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))

    recipe = SMALL.but(network=network)
    runs = replicate(recipe, TASK, [4, 2])
    assert runs.seeds == (4, 2)
    assert gap(runs[1], fit(recipe, TASK, 2)) == 0


def test_splits_of_unequal_size_are_trained_one_after_the_other():
    class Growing:
        name, test_to_train = "growing", 0.0

        def split(self, seed: int) -> Split:
            return FreshDraws(NoisyXor(0.1, 4), train=100 + seed, validation=50, test=50).split(seed)

    runs = replicate(SMALL, Growing(), range(3))
    assert all(gap(run, fit(SMALL, Growing(), run.seed)) < 1e-9 for run in runs)


@pytest.mark.filterwarnings("error")
def test_a_diverged_seed_does_not_disturb_the_others():
    class OneWild:
        name, test_to_train = "one wild", 0.0

        def split(self, seed: int) -> Split:
            split = FreshDraws(NoisyXor(0.1, 4), train=230, validation=90, test=70).split(seed)
            if seed == 1:
                split.train.features[0, 0] = torch.inf  # behind the back of Part, which refuses it
            return split

    runs, calm = replicate(SMALL, OneWild(), range(3)), replicate(SMALL, TASK, range(3))
    assert [run.diverged for run in runs] == [False, True, False]
    assert runs.diverged == 1 and repr(runs) == "3 runs on one wild, 1 of them diverged"
    assert gap(runs[0], calm[0]) < 1e-9 and gap(runs[2], calm[2]) < 1e-9


def test_history_as_a_table_ends_in_nan_where_a_run_stopped():
    task, recipe = RECIPES["patience, loss"]
    runs = replicate(recipe, task, range(6))
    table = runs.history("validation_loss")
    assert table.shape == (6, max(len(run.history["validation_loss"]) for run in runs))
    for row, run in zip(table, runs, strict=True):
        assert np.array_equal(row[np.isfinite(row)], run.history["validation_loss"])
    assert np.isnan(table).any()
    with pytest.raises(ValueError, match="name is 'auc'; expected one of batch_loss, train_loss"):
        runs.history("auc")


def test_runs_behave_as_a_sequence():
    runs = replicate(SMALL, TASK, range(3))
    assert len(runs) == 3 and runs[-1].seed == 2
    assert runs[1:].seeds == (1, 2) and runs[1:].recipe is runs.recipe
    assert repr(runs) == "3 runs on noisy XOR"


@pytest.mark.parametrize("network", [MLP((16, 8)), lambda inputs: nn.Linear(inputs, 1)], ids=["stacked", "one by one"])
def test_an_interrupt_keeps_the_seeds_that_are_done(network, monkeypatch):
    module = sys.modules["helpers.replicate"]
    monkeypatch.setattr(module, "STACK", 2)
    shown = []

    def interrupt(self, done):
        shown.append(done)
        if done >= 2 * SMALL.epochs:
            raise KeyboardInterrupt

    monkeypatch.setattr(module.Progress, "show", interrupt)
    with pytest.warns(UserWarning, match=r"interrupted: returning the (\d+) of 500 runs that are done"):
        runs = replicate(SMALL.but(network=network), TASK, range(500), threads=1)
    assert 2 <= len(runs) < 500
    assert runs.seeds == tuple(range(len(runs)))
    assert gap(runs[1], fit(SMALL.but(network=network), TASK, 1)) < 1e-9


def test_an_interrupted_sweep_keeps_the_runs_that_are_done(monkeypatch):
    module = sys.modules["helpers.replicate"]
    monkeypatch.setattr(module, "STACK", 2)

    def interrupt(self, done):
        if done >= 4 * SMALL.epochs:
            raise KeyboardInterrupt

    monkeypatch.setattr(module.Progress, "show", interrupt)
    recipes = {rate: SMALL.but(learning_rate=rate) for rate in np.geomspace(1e-4, 1e-2, 200)}
    with pytest.warns(UserWarning, match=r"returning the (\d+) of 600 runs that are done") as caught:
        done = sweep(recipes, TASK, range(3), threads=1)
    assert caught[0].filename == __file__
    assert 2 <= len(done) < 200 and list(done) == list(recipes)[: len(done)]
    assert {runs.seeds for runs in done.values()} <= {(0, 1, 2), (0, 1), (0,)}
    assert all(gap(run, fit(runs.recipe, TASK, run.seed)) < 1e-9 for runs in done.values() for run in runs)


def test_an_interrupt_before_the_first_seed_is_passed_on(monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("helpers.training._fit", interrupted)
    with pytest.raises(KeyboardInterrupt, match="before the first of 2 runs"):
        replicate(SMALL.but(network=lambda inputs: nn.Linear(inputs, 1)), TASK, range(2))


def test_an_error_in_one_stack_is_raised_and_stops_the_others():
    class Failing:
        name, test_to_train = "failing", 0.0

        def split(self, seed: int) -> Split:
            if seed == 5:
                raise RuntimeError("no such seed")
            return TASK.split(seed)

    with pytest.raises(RuntimeError, match="no such seed"):
        replicate(SMALL.but(epochs=100_000), Failing(), range(6))


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ([], r"seeds is \[\]; expected at least one seed"),
        ([1, 1], r"seeds is \[1, 1\]; .* none twice"),
        ([-1], "seed is -1"),
    ],
)
def test_replicate_refuses_seeds_it_cannot_use(seeds, message):
    with pytest.raises(ValueError, match=message):
        replicate(SMALL, TASK, seeds)


@pytest.mark.parametrize(
    ("recipes", "message"),
    [
        ({}, r"recipes is \{\}; expected a mapping"),
        ([SMALL], r"recipes is \[Recipe.*; expected a mapping"),
        ({"slow": 0.001}, r"recipes\['slow'\] is 0.001; expected a Recipe"),
    ],
)
def test_sweep_refuses_what_are_no_recipes(recipes, message):
    with pytest.raises(ValueError, match=message):
        sweep(recipes, TASK, [0])


def test_replicate_refuses_what_is_no_recipe():
    with pytest.raises(ValueError, match="recipe is 3; expected a Recipe"):
        replicate(3, TASK, [0])


def test_replicate_wants_a_thread():
    with pytest.raises(ValueError, match="threads is 0; expected None or at least 1"):
        replicate(SMALL, TASK, [0], threads=0)


def test_nothing_is_printed_or_warned_about(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        replicate(SMALL, TASK, range(3))
    assert capfd.readouterr() == ("", "")
