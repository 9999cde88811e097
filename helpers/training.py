"""One training described as data, and one training run in plain PyTorch."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from math import ceil, cos, isfinite, pi
from typing import Any, Literal, Self

import numpy as np
import torch
from sklearn.base import clone
from torch import Tensor, nn

from helpers.data import Part, Split, Task
from helpers.losses import BCEWithLogits, Loss, probabilities
from helpers.networks import MLP, Network
from helpers.seeding import generator, random_state

OPTIMIZERS = ("sgd", "adam", "adamw", "rmsprop")
PARTS = ("train", "validation", "test")
EVALUATED = ("train", "validation")  # after each epoch, for the history
MONITORS = ("validation_loss", "validation_accuracy")


@dataclass(frozen=True)
class Recipe:
    """One training, described as data.

    network: an `MLP`, or a function from the number of features to a module with one output per row.
    loss: computed row by row, its mean over a batch is minimised.
    pos_weight: factor on the loss of rows labelled 1; "balanced" is negatives / positives of the training part.
    optimizer: "sgd", "adam", "adamw" or "rmsprop", with PyTorch's defaults but for what stands here.
    learning_rate, momentum (sgd and rmsprop only), weight_decay: as in `torch.optim`.
    schedule: a function from the share of the steps already taken (0 at the first, below 1 at the last) to the factor
        on learning_rate for the next one, for example `cosine`; None keeps the rate.
    l1: factor of the sum of all parameters' absolute values, added to each batch's loss (not to those in the history).
    batch_size: rows per gradient step. epochs: how often as many rows are drawn as the training part has.
    sampler: an imbalanced-learn sampler that resamples the training part once before training. The number of steps
        stays that of the rows before resampling, so recipes with and without a sampler take equally many.
    patience: stop after so many epochs without a better `monitor` and go back to the weights of the best; None
        trains to the end and keeps the last weights.
    dtype: torch.float64, or torch.float32 to see what that costs.

    Raises ValueError for anything else, and for what cannot be combined.
    """

    network: Network = field(default_factory=MLP)
    loss: Loss = field(default_factory=BCEWithLogits)
    pos_weight: float | Literal["balanced"] = 1.0
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: Callable[[float], float] | None = None
    l1: float = 0.0
    batch_size: int = 64
    epochs: int = 20
    sampler: Any = None
    patience: int | None = None
    monitor: str = "validation_loss"
    dtype: torch.dtype = torch.float64

    def __post_init__(self) -> None:
        balanced = self.pos_weight == "balanced"
        for valid, name, expected in (
            (callable(self.network) or isinstance(self.network, MLP), "network",
             "an MLP or a function that builds a module"),
            (callable(self.loss) and getattr(self.loss, "takes", None) in ("logits", "probabilities"), "loss",
             "a loss of helpers.losses, such as BCEWithLogits()"),
            (balanced or _positive(self.pos_weight), "pos_weight", "a positive number or 'balanced'"),
            (self.optimizer in OPTIMIZERS, "optimizer", f"one of {', '.join(OPTIMIZERS)}"),
            (_positive(self.learning_rate), "learning_rate", "a positive number"),
            (_number(self.momentum) and 0 <= self.momentum < 1, "momentum", "a number of at least 0 and below 1"),
            (self.momentum == 0 or self.optimizer in ("sgd", "rmsprop"), "momentum",
             f"0 with the optimizer {self.optimizer!r}, which has no such setting"),
            (_number(self.weight_decay) and self.weight_decay >= 0, "weight_decay", "a number of at least 0"),
            (self.schedule is None or callable(self.schedule), "schedule",
             "None or a function of the share of steps taken"),
            (_number(self.l1) and self.l1 >= 0, "l1", "a number of at least 0"),
            (_count(self.batch_size), "batch_size", "a positive integer"),
            (_count(self.epochs), "epochs", "a positive integer"),
            (self.sampler is None or hasattr(self.sampler, "fit_resample"), "sampler",
             "None or an imbalanced-learn sampler, which has a method fit_resample"),
            (self.patience is None or _count(self.patience), "patience", "None or a positive integer"),
            (self.monitor in MONITORS, "monitor", f"one of {', '.join(MONITORS)}"),
            (self.dtype in (torch.float64, torch.float32), "dtype", "torch.float64 or torch.float32"),
        ):  # fmt: skip
            if not valid:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected {expected}")
        if isinstance(self.network, MLP) and self.network.output == "logit" and self.loss.takes == "probabilities":
            raise ValueError(f"loss is {self.loss!r}, which takes probabilities, but network is {self.network!r}; "
                             "expected a network with output='probability' or a loss that takes logits")  # fmt: skip

    def but(self, **changes: Any) -> Self:
        """Return the same recipe with some fields changed."""
        return replace(self, **changes)

    def optimizer_for(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
        """Return the PyTorch optimizer of this recipe for these parameters."""
        settings: dict[str, Any] = {"lr": self.learning_rate, "weight_decay": self.weight_decay}
        if self.optimizer in ("sgd", "rmsprop"):
            settings["momentum"] = self.momentum
        if self.optimizer != "rmsprop":  # PyTorch has no fused step for it
            settings["fused"] = True
        optimizers = {
            "sgd": torch.optim.SGD,
            "adam": torch.optim.Adam,
            "adamw": torch.optim.AdamW,
            "rmsprop": torch.optim.RMSprop,
        }
        return optimizers[self.optimizer](parameters, **settings)

    def steps_for(self, rows: int) -> int:
        """Return the number of gradient steps that a training part of so many rows gets, without early stopping."""
        return self.epochs * ceil(rows / self.batch_size)


def cosine(share: float) -> float:
    """Return the factor of a rate that falls along half a cosine, from 1 at share 0 to 0 at share 1.

    Loshchilov & Hutter, "SGDR", 2017, equation 5, without restarts.
    """
    return (1 + cos(pi * share)) / 2


def set_rate(optimizer: torch.optim.Optimizer, recipe: Recipe, step: int, rows: int) -> None:
    """Set the rate that the recipe's schedule has for this step, counted from 0, of a training on so many rows."""
    if recipe.schedule is not None:
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * recipe.schedule(step / recipe.steps_for(rows))


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _positive(value: object) -> bool:
    return _number(value) and value > 0  # type: ignore[operator]


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


@dataclass(frozen=True)
class Run:
    """What one training left behind.

    model: the trained network, in eval mode.
    history: for each epoch "batch_loss" (mean over the batches as they were trained on, dropout active) and, in eval
        mode, "train_loss", "validation_loss", "train_accuracy", "validation_accuracy" (at probability 0.5); shape
        [epochs]. The losses are those of the recipe, its pos_weight included.
    validation_by_epoch: probabilities of the validation rows after each epoch, shape [epochs, rows].
    probabilities: of label 1, for the rows of "train", "validation" and "test", with the weights kept; shape [rows].
    best_epoch: the epoch, counted from 1, whose weights were kept.
    diverged: whether a loss, an output or a weight became infinite or NaN.
    """

    seed: int
    model: nn.Module
    history: dict[str, np.ndarray]
    validation_by_epoch: np.ndarray
    probabilities: dict[str, np.ndarray]
    best_epoch: int
    diverged: bool


def fit(recipe: Recipe, task: Task, seed: int, history: bool = True) -> Run:
    """Train once, in plain PyTorch, and return the run.

    history: whether to evaluate the network after each epoch. Without it `Run.history` has only "batch_loss".

    Raises ValueError if the network does not give one output per row, or if early stopping has no history to go by.
    """
    check_history(recipe, history)
    split = task.split(seed)
    if isinstance(recipe.network, MLP):
        return _fit(recipe, split, seed, history)
    with torch.random.fork_rng(devices=[]):  # for the layers of a network that is not ours
        torch.manual_seed(random_state("custom network", seed))
        return _fit(recipe, split, seed, history)


def check_history(recipe: Recipe, history: bool) -> None:
    """Raise ValueError if the recipe stops early but no history is kept."""
    if recipe.patience is not None and not history:
        raise ValueError(f"history is False, but patience is {recipe.patience}; expected a history to stop early by")


def _fit(recipe: Recipe, split: Split, seed: int, history: bool) -> Run:
    model = _build(recipe, split, seed)
    optimizer = recipe.optimizer_for(model.parameters())
    pos_weight = positive_weight(recipe, split.train)
    features, labels = (value.to(recipe.dtype) for value in resampled(recipe, split.train, seed))
    rng = generator("batches", seed)
    tracker = Tracker(recipe, split)
    steps = count()
    kept = {}

    for _ in range(recipe.epochs):
        model.train()
        batch_losses = 0.0
        for batch in torch.from_numpy(draw_order(rng, len(labels), len(split.train))).split(recipe.batch_size):
            set_rate(optimizer, recipe, next(steps), len(split.train))
            optimizer.zero_grad()
            loss = weighted(
                recipe.loss(_outputs(model, features[batch]), labels[batch]), labels[batch], pos_weight
            ).mean()
            if recipe.l1:
                penalty = recipe.l1 * sum(parameter.abs().sum() for parameter in model.parameters())
                (loss + penalty).backward()
            else:
                loss.backward()
            optimizer.step()
            batch_losses += loss.item() * len(batch)
        measures, chance = _evaluate(model, split, recipe, pos_weight) if history else ({}, None)
        tracker.note({"batch_loss": batch_losses / len(split.train)} | measures, chance)
        if tracker.improved:
            kept = {name: value.clone() for name, value in model.state_dict().items()}
        if tracker.stopped:
            break
    if kept:
        model.load_state_dict(kept)
    return tracker.finish(seed, model, _predict(model, split, recipe.dtype, PARTS))


def _build(recipe: Recipe, split: Split, seed: int) -> nn.Module:
    inputs = split.train.features.shape[1]
    if isinstance(recipe.network, MLP):
        return recipe.network.build(inputs, seed).to(recipe.dtype)
    module = recipe.network(inputs)
    if not isinstance(module, nn.Module):
        raise ValueError(f"network({inputs}) returned a {type(module).__name__}; expected a torch.nn.Module")
    return module.to(recipe.dtype)


def _outputs(model: nn.Module, features: Tensor) -> Tensor:
    outputs = model(features)
    if outputs.shape not in ((len(features),), (len(features), 1)):
        raise ValueError(f"the network's outputs have shape {tuple(outputs.shape)} for {len(features)} rows; "
                         f"expected ({len(features)},) or ({len(features)}, 1)")  # fmt: skip
    return outputs.reshape(-1)


@torch.no_grad()
def _predict(model: nn.Module, split: Split, dtype: torch.dtype, parts: Iterable[str]) -> dict[str, Tensor]:
    """Return the outputs in eval mode for these parts of the split."""
    model.eval()
    return {name: _outputs(model, getattr(split, name).features.to(dtype)).double() for name in parts}


def _evaluate(model: nn.Module, split: Split, recipe: Recipe, pos_weight: float) -> tuple[dict[str, float], Tensor]:
    """Return the measures of an epoch and the probabilities of the validation rows."""
    outputs = _predict(model, split, recipe.dtype, EVALUATED)
    measures = {}
    for part, values in outputs.items():
        labels = getattr(split, part).labels
        for name, value in measured(recipe.loss, values, labels, pos_weight).items():
            measures[f"{part}_{name}"] = value.item()
    return measures, probabilities(recipe.loss, outputs["validation"])


def measured(loss: Loss, outputs: Tensor, labels: Tensor, pos_weight: float | Tensor | None) -> dict[str, Tensor]:
    """Return the loss and the accuracy at probability 0.5, shape [...], of outputs and labels, shape [..., rows]."""
    right = (probabilities(loss, outputs) > 0.5) == (labels == 1)
    losses = weighted(loss(outputs, labels), labels, pos_weight)
    return {"loss": losses.mean(dim=-1), "accuracy": right.double().mean(dim=-1)}


def positive_weight(recipe: Recipe, train: Part) -> float:
    """Return the recipe's pos_weight as a number for this training part."""
    if recipe.pos_weight == "balanced":
        return float((len(train) - train.labels.sum()) / train.labels.sum())
    return float(recipe.pos_weight)


def resampled(recipe: Recipe, train: Part, seed: int) -> tuple[Tensor, Tensor]:
    """Return features and labels of the training part after the recipe's sampler, or as they are without one."""
    if recipe.sampler is None:
        return train.features, train.labels
    sampler = clone(recipe.sampler)
    if "random_state" in sampler.get_params():
        sampler.set_params(random_state=random_state("resampling", seed))
    features, labels = sampler.fit_resample(train.features.numpy(), train.labels.numpy().astype(np.int64))
    return torch.from_numpy(features), torch.from_numpy(labels.astype(np.float64))


def weighted(losses: Tensor, labels: Tensor, pos_weight: float | Tensor | None) -> Tensor:
    """Return the losses, those of rows labelled 1 multiplied by pos_weight; None stands for 1."""
    return losses if pos_weight is None else losses * (1 + (pos_weight - 1) * labels)


def draw_order(rng: np.random.Generator, rows: int, draws: int) -> np.ndarray:
    """Return the numbers of the rows that one epoch trains on, in order, shape [draws].

    They are shuffled passes over all rows, one after the other: with draws = rows, a single one.
    """
    return np.concatenate([rng.permutation(rows) for _ in range(ceil(draws / rows))])[:draws]


class Tracker:
    """Keeps the history of one training and decides when it stops; `fit` and `replicate` share it."""

    def __init__(self, recipe: Recipe, split: Split) -> None:
        self.recipe, self.split = recipe, split
        self.history: dict[str, list[float]] = {}
        self.validation_by_epoch: list[np.ndarray] = []
        self.best, self.best_epoch = -np.inf, 0

    @property
    def epochs(self) -> int:
        """The number of epochs noted."""
        return len(self.history.get("batch_loss", []))

    @property
    def improved(self) -> bool:
        """Whether early stopping has to keep the weights of the epoch just noted."""
        return self.recipe.patience is not None and self.best_epoch == self.epochs

    @property
    def stopped(self) -> bool:
        """Whether the recipe's patience is at its end."""
        return self.recipe.patience is not None and self.epochs - self.best_epoch >= self.recipe.patience

    def note(self, measures: Mapping[str, float], chance: Tensor | None) -> None:
        """Note the measures of one epoch and, with a history, the probabilities of the validation rows."""
        for name, value in measures.items():
            self.history.setdefault(name, []).append(value)
        if chance is not None:
            self.validation_by_epoch.append(chance.numpy())
        if self.recipe.patience is None:
            self.best_epoch = self.epochs
            return
        score = self.history[self.recipe.monitor][-1] * (-1 if self.recipe.monitor.endswith("loss") else 1)
        if score > self.best or self.epochs == 1:
            self.best, self.best_epoch = score, self.epochs

    def finish(self, seed: int, model: nn.Module, outputs: Mapping[str, Tensor]) -> Run:
        """Return the run, given the model with the weights kept and its outputs by part."""
        history = {name: np.array(values) for name, values in self.history.items()}
        numbers = [*history.values(), *(values.numpy() for values in outputs.values())]
        finite = all(np.isfinite(values).all() for values in numbers)
        chance = {name: probabilities(self.recipe.loss, values).numpy() for name, values in outputs.items()}
        by_epoch = np.array(self.validation_by_epoch).reshape(-1, len(self.split.validation))
        return Run(seed, model, history, by_epoch, chance, self.best_epoch, not finite)
