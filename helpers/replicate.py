"""Many seeds of one recipe, trained together.

The parameters of all networks are stacked, so that one matrix product per layer serves them all. Forward and backward
are written out by hand, because recording them for autograd takes about as long as the products themselves; a loss
that does not state its gradient is left to autograd, so that any loss will do.
"""

import os
import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from inspect import unwrap
from math import ceil
from threading import Event
from typing import TypeVar, overload

import numpy as np
import torch
from torch import Tensor, nn

from helpers.data import Split, Task
from helpers.losses import BCEWithLogits
from helpers.networks import MLP, dropout_generator, dropout_mask
from helpers.progress import Progress
from helpers.seeding import generator
from helpers.training import (
    PARTS,
    Recipe,
    Run,
    Tracker,
    check_history,
    draw_order,
    fit,
    positive_weight,
    resampled,
    set_rate,
    weighted,
)

Name = TypeVar("Name", bound=Hashable)

STACK = 32  # most networks trained together; the values of more do not stay in the processor's cache
SHARE = 10  # fewest worth a thread of their own; the steps of fewer are mostly Python, which threads take in turns
BLOCK = 256  # rows evaluated together, for the same reason

# activation: (its value, in place; the gradient of its input, in place of that of its value, given the value)
_ACTIVATIONS: dict[str, tuple[Callable[[Tensor], object], Callable[[Tensor, Tensor], object]]] = {
    "relu": (torch.relu_, lambda d, h: torch.ops.aten.threshold_backward.grad_input(d, h, 0.0, grad_input=d)),
    "leaky_relu": (
        nn.functional.leaky_relu_,
        lambda d, h: torch.ops.aten.leaky_relu_backward.grad_input(d, h, 0.01, True, grad_input=d),
    ),
    "tanh": (torch.tanh_, lambda d, h: torch.ops.aten.tanh_backward.grad_input(d, h, grad_input=d)),
    "sigmoid": (torch.sigmoid_, lambda d, h: torch.ops.aten.sigmoid_backward.grad_input(d, h, grad_input=d)),
    "identity": (lambda h: h, lambda d, h: d),
}


@dataclass(frozen=True)
class Runs(Sequence[Run]):
    """The runs of one recipe on one task, one for each seed."""

    recipe: Recipe
    task: Task
    runs: tuple[Run, ...]

    def __len__(self) -> int:
        return len(self.runs)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> "Runs": ...
    def __getitem__(self, index: int | slice) -> "Run | Runs":
        return self.runs[index] if isinstance(index, int) else replace(self, runs=self.runs[index])

    def __repr__(self) -> str:
        diverged = f", {self.diverged} of them diverged" if self.diverged else ""
        return f"{len(self)} runs on {self.task.name}{diverged}"

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in the order of the runs."""
        return tuple(run.seed for run in self.runs)

    @property
    def diverged(self) -> int:
        """The number of runs that diverged."""
        return sum(run.diverged for run in self.runs)

    def history(self, name: str) -> np.ndarray:
        """Return one quantity of every run's history, shape [seeds, epochs]; NaN after a run has stopped.

        Raises ValueError if the runs have no such quantity.
        """
        known = self.runs[0].history
        if name not in known:
            raise ValueError(f"name is {name!r}; expected one of {', '.join(known)}")
        table = np.full((len(self), max(len(run.history[name]) for run in self.runs)), np.nan)
        for row, run in zip(table, self.runs, strict=True):
            row[: len(run.history[name])] = run.history[name]
        return table


def replicate(
    recipe: Recipe, task: Task, seeds: Iterable[int], history: bool = True, threads: int | None = None
) -> Runs:
    """Train the recipe once for every seed and return the runs, in the order of the seeds.

    A seed's run is the same, to rounding, whichever seeds run beside it, and the same as that of `fit`. MLPs are
    trained together, in stacks of up to `STACK` and each stack on one thread; other networks one after another.
    Interrupted (KeyboardInterrupt), it warns and returns the runs that are done, if there are any.

    history: whether to evaluate the networks after each epoch, as in `fit`.
    threads: how many stacks to train at once; None takes as many as the machine has processors.

    Raises ValueError for no seeds or repeated ones, for less than one thread, and for what `fit` refuses.
    """
    seeds = list(seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds is {seeds}; expected at least one seed and none twice")
    if threads is not None and threads < 1:
        raise ValueError(f"threads is {threads}; expected None or at least 1")
    check_history(recipe, history)
    if isinstance(recipe.network, MLP):
        runs = _stacked(recipe, task, seeds, history, threads or os.cpu_count() or 1)
    else:
        runs = _one_by_one(recipe, task, seeds, history)
    if not runs:
        raise KeyboardInterrupt(f"interrupted before the first of {len(seeds)} seeds was done")
    if len(runs) < len(seeds):
        warnings.warn(f"interrupted: returning the {len(runs)} of {len(seeds)} seeds that are done", stacklevel=2)
    return Runs(recipe, task, tuple(runs))


def sweep(
    recipes: Mapping[Name, Recipe], task: Task, seeds: Iterable[int], history: bool = True, threads: int | None = None
) -> dict[Name, Runs]:
    """Train every recipe once for every seed, as `replicate` does, and return the runs of each recipe by its name."""
    seeds = list(seeds)
    return {name: replicate(recipe, task, seeds, history, threads) for name, recipe in recipes.items()}


def _one_by_one(recipe: Recipe, task: Task, seeds: list[int], history: bool) -> list[Run]:
    runs: list[Run] = []
    with Progress(f"training on {task.name}, seeds", len(seeds)) as progress:
        try:
            for seed in seeds:
                runs.append(fit(recipe, task, seed, history))
                progress.show(len(runs))
        except KeyboardInterrupt:
            pass  # the caller sees that seeds are missing
    return runs


def _stacked(recipe: Recipe, task: Task, seeds: list[int], history: bool, threads: int) -> list[Run]:
    """Train each stack on a thread of its own, while this thread shows the progress and takes interrupts."""
    count = max(ceil(len(seeds) / STACK), min(threads, len(seeds) // SHARE))
    size = ceil(len(seeds) / count)
    stop = Event()
    stacks = [_Stack(recipe, task, seeds[first : first + size], stop) for first in range(0, len(seeds), size)]
    with (
        Progress(f"training on {task.name}, epochs of {len(seeds)} seeds", len(seeds) * recipe.epochs) as progress,
        ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool,
    ):
        jobs = [pool.submit(stack.train, history) for stack in stacks]
        try:
            while not all(job.done() for job in jobs):
                if any(job.exception() for job in wait(jobs, timeout=0.1, return_when=FIRST_EXCEPTION).done):
                    stop.set()
                progress.show(sum(stack.epochs * len(stack.seeds) for stack in stacks))
        except KeyboardInterrupt:
            stop.set()
    return [run for job in jobs for run in job.result()]


class _Stopped(Exception):
    """The training was told to stop before its end."""


class _Stack:
    """The networks of some seeds, trained in step.

    Every tensor has the seed as its first dimension. Weights stand as [seeds, inputs, outputs] and biases as
    [seeds, 1, outputs]; they are views into one flat tensor, which is all that the optimizer sees: each of its
    updates treats every number alone.
    """

    def __init__(self, recipe: Recipe, task: Task, seeds: list[int], stop: Event) -> None:
        self.recipe, self.task, self.seeds, self.stop = recipe, task, seeds, stop
        self.network: MLP = recipe.network  # type: ignore[assignment]
        self.epochs = 0  # done so far

    def train(self, history: bool) -> list[Run]:
        """Return the run of each seed, or no runs if told to stop on the way."""
        splits = [self.task.split(seed) for seed in self.seeds]
        if len({tuple(getattr(split, part).features.shape for part in PARTS) for split in splits}) > 1:
            return [fit(self.recipe, self.task, seed, history) for seed in self.seeds]
        try:
            return self._train(splits, history)
        except _Stopped:
            return []

    def _train(self, splits: list[Split], history: bool) -> list[Run]:
        self._take_data(splits)
        self._initialise()
        trackers = [Tracker(self.recipe, split) for split in splits]
        kept: dict[int, list[Tensor]] = {}
        for _ in range(self.recipe.epochs):
            batch_losses = self._epoch()
            outputs = self._predict("train", "validation") if history else {}
            for row, tracker in enumerate(trackers):
                if not tracker.stopped:
                    tracker.note(batch_losses[row], {part: values[row] for part, values in outputs.items()})
                    if tracker.improved:
                        kept[row] = [values[row].clone() for values in self.parameters]
            self.epochs += 1
            if all(tracker.stopped for tracker in trackers):
                break
        for row, best in kept.items():
            for values, value in zip(self.parameters, best, strict=True):
                values[row] = value
        outputs = self._predict(*PARTS)
        return [
            tracker.finish(self.seeds[row], self._model(row), {part: values[row] for part, values in outputs.items()})
            for row, tracker in enumerate(trackers)
        ]

    def _take_data(self, splits: list[Split]) -> None:
        dtype = self.recipe.dtype
        self.parts = {
            part: torch.stack([getattr(split, part).features for split in splits]).to(dtype) for part in PARTS
        }
        self.draws, self.inputs = splits[0].train.features.shape
        pos_weights = torch.tensor([[positive_weight(self.recipe, split.train)] for split in splits], dtype=dtype)
        self.pos_weights = None if (pos_weights == 1).all() else pos_weights
        # The rows to train on, those of all seeds one after the other: resampling may leave one seed more than another.
        if self.recipe.sampler is None:
            self.features = self.parts["train"].view(-1, self.inputs)
            labels = [split.train.labels for split in splits]
        else:
            pairs = [resampled(self.recipe, split.train, seed) for split, seed in zip(splits, self.seeds, strict=True)]
            self.features = torch.cat([features for features, _ in pairs]).to(dtype)
            labels = [labels for _, labels in pairs]
        self.labels = torch.cat(labels).to(dtype)
        self.shuffled = torch.empty(len(splits), self.draws, self.inputs, dtype=dtype)
        self.rows = [len(values) for values in labels]
        self.first_rows = np.cumsum([0, *self.rows[:-1]])
        self.batch_rngs = [generator("batches", seed) for seed in self.seeds]

    def _initialise(self) -> None:
        layers = zip(*(self.network.initial_weights(self.inputs, seed) for seed in self.seeds), strict=True)
        start = [values for layer in layers for values in _stacked_layer(layer)]
        self.flat = torch.cat([values.flatten() for values in start]).to(self.recipe.dtype)
        self.flat.grad = self.gradient = torch.zeros_like(self.flat)
        self.parameters = _views(self.flat, start)
        self.gradients = _views(self.gradient, start)
        self.optimizer = self.recipe.optimizer_for([self.flat])
        # What PyTorch wraps around a step, for hooks and its profiler, takes as long as the step of a small network.
        self.take_step = partial(unwrap(type(self.optimizer).step), self.optimizer)
        self.steps = 0
        hidden = range(len(self.network.hidden)) if self.network.dropout else ()
        self.dropout_rngs = [[dropout_generator(seed, layer) for seed in self.seeds] for layer in hidden]
        self.buffers: dict[int, _Buffers] = {}

    def _epoch(self) -> list[float]:
        """Take the steps of one epoch and return the mean batch loss of each seed."""
        orders = [
            draw_order(rng, rows, self.draws) + first
            for rng, rows, first in zip(self.batch_rngs, self.rows, self.first_rows, strict=True)
        ]
        order = torch.from_numpy(np.stack(orders))
        # Whole epochs are put in order at once, seed by seed: one seed's rows fit the cache, those of a stack do not.
        torch.index_select(self.features, 0, order.view(-1), out=self.shuffled.view(-1, self.inputs))
        labels = self.labels[order]
        logits = torch.empty_like(labels)
        masks = [
            torch.stack([dropout_mask(rng, (self.draws, width), self.network.dropout) for rng in rngs])
            for rngs, width in zip(self.dropout_rngs, self.network.hidden, strict=False)
        ]
        for first in range(0, self.draws, self.recipe.batch_size):
            if self.stop.is_set():
                raise _Stopped
            batch = slice(first, first + self.recipe.batch_size)
            batch_masks = [self._scaled(mask[:, batch]) for mask in masks]
            logits[:, batch] = self._step(self.shuffled[:, batch], labels[:, batch], batch_masks)
        return self._losses(logits, labels).double().mean(dim=1).tolist()

    def _step(self, features: Tensor, labels: Tensor, masks: list[Tensor]) -> Tensor:
        """Take one gradient step on a batch of features, shape [seeds, rows, inputs], and labels, shape [seeds, rows];
        return the last layer's sums before the step, shape [seeds, rows]."""
        buffers = self._buffers_for(labels.shape[1])
        logits = self._forward(buffers, features, masks)
        self._backward(buffers, self._gradient(logits, labels), masks)
        if self.recipe.l1:
            self.gradient.add_(self.flat.sign(), alpha=self.recipe.l1)
        set_rate(self.optimizer, self.recipe, self.steps, self.draws)
        self.take_step()
        self.steps += 1
        return logits

    def _losses(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of each row, shape [seeds, rows]."""
        return weighted(self.recipe.loss(self._head(logits), labels), labels, self.pos_weights)

    def _gradient(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the gradient of each seed's batch loss by the logits, shape [seeds, rows]."""
        if self.network.output == "logit" and isinstance(self.recipe.loss, BCEWithLogits):
            gradient = self.recipe.loss.gradient(logits, labels)
            return weighted(gradient, labels, self.pos_weights).div_(labels.shape[1])
        logits = logits.detach().requires_grad_()
        self._losses(logits, labels).mean(dim=1).sum().backward()
        assert logits.grad is not None
        return logits.grad

    def _scaled(self, mask: Tensor) -> Tensor:
        return mask.to(self.recipe.dtype) / (1 - self.network.dropout)

    def _forward(self, buffers: "_Buffers", features: Tensor, masks: list[Tensor]) -> Tensor:
        """Return the last layer's sums, shape [seeds, rows]; leave each layer's inputs and values in the buffers."""
        activate = _ACTIVATIONS[self.network.activation][0]
        values = features
        for layer, (weight, bias) in enumerate(zip(self.parameters[::2], self.parameters[1::2], strict=True)):
            buffers.inputs[layer] = values
            values = torch.baddbmm(bias, values, weight, out=buffers.values[layer])
            if layer < len(self.network.hidden):
                activate(values)
                if masks:
                    values = values * masks[layer]
        return values[:, :, 0]

    def _backward(self, buffers: "_Buffers", gradient: Tensor, masks: list[Tensor]) -> None:
        """Fill in the gradients of all parameters, given that of the last layer's sums, shape [seeds, rows]."""
        differentiate = _ACTIVATIONS[self.network.activation][1]
        delta = gradient[:, :, None]
        for layer in reversed(range(len(buffers.values))):
            torch.bmm(buffers.inputs[layer].mT, delta, out=self.gradients[2 * layer])
            torch.sum(delta, dim=1, keepdim=True, out=self.gradients[2 * layer + 1])
            if layer > 0:
                delta = torch.bmm(delta, self.parameters[2 * layer].mT, out=buffers.deltas[layer - 1])
                if masks:
                    delta *= masks[layer - 1]
                differentiate(delta, buffers.values[layer - 1])

    def _predict(self, *parts: str) -> dict[str, Tensor]:
        """Return the networks' outputs in eval mode by part, shape [seeds, rows], in float64."""
        outputs = {}
        for part in parts:
            blocks = self.parts[part].split(BLOCK, dim=1)
            logits = [self._forward(self._buffers_for(block.shape[1]), block, []).clone() for block in blocks]
            outputs[part] = self._head(torch.cat(logits, dim=1)).double()
        return outputs

    def _head(self, logits: Tensor) -> Tensor:
        return torch.sigmoid(logits) if self.network.output == "probability" else logits

    def _model(self, row: int) -> nn.Module:
        values = [values[row].mT.contiguous() for values in self.parameters]
        weights = [(weight, bias.flatten()) for weight, bias in zip(values[::2], values[1::2], strict=True)]
        return self.network.assemble(weights, self.seeds[row]).eval()

    def _buffers_for(self, rows: int) -> "_Buffers":
        if rows not in self.buffers:
            widths = [*self.network.hidden, 1]
            self.buffers[rows] = _Buffers(
                [torch.empty(len(self.seeds), rows, w, dtype=self.recipe.dtype) for w in widths]
            )
        return self.buffers[rows]


class _Buffers:
    """Room for what one batch of a certain size leaves behind in each layer, used again for the next."""

    def __init__(self, room: list[Tensor]) -> None:
        self.values = room
        self.inputs = list(room)  # of each layer, filled in on the way forward
        self.deltas = [torch.empty_like(values) for values in self.values[:-1]]


def _stacked_layer(layer: Iterable[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    weights, biases = zip(*layer, strict=True)
    return torch.stack([weight.T for weight in weights]), torch.stack([bias[None] for bias in biases])


def _views(flat: Tensor, shapes: list[Tensor]) -> list[Tensor]:
    """Cut a flat tensor into pieces of the shapes of these tensors."""
    pieces = flat.split([values.numel() for values in shapes])
    return [piece.view(values.shape) for piece, values in zip(pieces, shapes, strict=True)]
