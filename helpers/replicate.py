"""Many seeds of one recipe or of several, trained together.

The parameters of all networks are stacked, so that one matrix product per layer serves them all. Forward and backward
are written out by hand, because recording them for autograd takes about as long as the products themselves; a loss
that does not state its gradient is left to autograd, so that any loss will do.
"""

import os
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from inspect import unwrap
from itertools import groupby
from math import ceil, inf
from threading import Event
from typing import Any, NamedTuple, TypeVar, overload

import numpy as np
import torch
from torch import Tensor, nn

from helpers.data import Split, Task
from helpers.losses import Loss, probabilities
from helpers.networks import MLP, dropout_generator, dropout_mask
from helpers.progress import Progress
from helpers.seeding import generator
from helpers.training import (
    EVALUATED,
    MONITORS,
    PARTS,
    Recipe,
    Run,
    Tracker,
    check_history,
    draw_order,
    fit,
    measured,
    positive_weight,
    resampled,
    set_rate,
    weighted,
)

Name = TypeVar("Name", bound=Hashable)

STACK = 64  # most networks trained together; more save no time and take more memory
SHARE = 10  # fewest worth a thread of their own; the steps of fewer are mostly Python, which threads take in turns
BLOCK = 256  # rows evaluated together; the values of more do not stay in the processor's cache
FETCH = 1024  # rows of each network fetched together
COMMON = ("network", "batch_size", "epochs", "dtype")  # what recipes in one stack agree in
STEP = ("optimizer", "learning_rate", "momentum", "weight_decay")  # what networks under one optimizer agree in

# activation: (its value, in place; the gradient of its input, in place of that of its value, given the value)
_ACTIVATIONS: dict[str, tuple[Callable[[Tensor], object], Callable[[Tensor, Tensor], object]]] = {
    "relu": (torch.relu_, lambda d, h: torch.ops.aten.hardtanh_backward.grad_input(d, h, 0.0, inf, grad_input=d)),
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
    _check_recipe("recipe", recipe, history)
    return _train({"": recipe}, task, seeds, history, threads)[""]


def sweep(
    recipes: Mapping[Name, Recipe], task: Task, seeds: Iterable[int], history: bool = True, threads: int | None = None
) -> dict[Name, Runs]:
    """Train every recipe once for every seed and return the runs of each recipe by its name, in the order given.

    The runs are those of `replicate`, to rounding, but together they take less time: MLPs share stacks if their
    recipes have the same network, batch_size, epochs and dtype; the rest may differ. Recipes that differ only in
    patience and monitor share even their training.
    Interrupted (KeyboardInterrupt), it warns and returns the runs that are done, if there are any: of some recipes
    perhaps fewer seeds than of others, and no entry for a recipe of which none is done.

    history, threads: as in `replicate`.

    Raises ValueError for no recipes and for what `replicate` refuses.
    """
    if not isinstance(recipes, Mapping) or not recipes:
        raise ValueError(f"recipes is {recipes!r}; expected a mapping from names to recipes, at least one")
    for name, recipe in recipes.items():
        _check_recipe(f"recipes[{name!r}]", recipe, history)
    return _train(recipes, task, seeds, history, threads)


def _check_recipe(name: str, recipe: Recipe, history: bool) -> None:
    if not isinstance(recipe, Recipe):
        raise ValueError(f"{name} is {recipe!r}; expected a Recipe")
    check_history(recipe, history)


class _Pair(NamedTuple):
    """One network to train."""

    name: Hashable  # of its recipe
    recipe: Recipe
    seed: int


def _train(
    recipes: Mapping[Name, Recipe], task: Task, seeds: Iterable[int], history: bool, threads: int | None
) -> dict[Name, Runs]:
    seeds = list(seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds is {seeds}; expected at least one seed and none twice")
    if threads is not None and threads < 1:
        raise ValueError(f"threads is {threads}; expected None or at least 1")
    pairs = [_Pair(name, recipe, seed) for name, recipe in recipes.items() for seed in seeds]
    runs = _run(pairs, task, history, threads or os.cpu_count() or 1)
    if not runs:
        raise KeyboardInterrupt(f"interrupted before the first of {len(pairs)} runs was done")
    if len(runs) < len(pairs):
        warnings.warn(f"interrupted: returning the {len(runs)} of {len(pairs)} runs that are done", stacklevel=3)
    done = {name: tuple(runs[name, seed] for seed in seeds if (name, seed) in runs) for name in recipes}
    return {name: Runs(recipes[name], task, of_name) for name, of_name in done.items() if of_name}


def _run(pairs: list[_Pair], task: Task, history: bool, threads: int) -> dict[tuple[Hashable, int], Run]:
    """Train each stack on a thread of its own, while this thread shows the progress and takes interrupts; then, on
    this thread, what cannot be stacked. Return the runs that are done, by name and seed."""
    stop = Event()
    done: list[int] = []  # epochs of single networks
    alone: dict[tuple[Hashable, int], Run] = {}
    total = sum(recipe.epochs for _, recipe, _ in pairs)
    with (
        Progress(f"training on {task.name}, epochs of {len(pairs)} runs", total) as progress,
        ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool,
    ):
        jobs = [pool.submit(_train_stack, share, task, history, stop, done) for share in _shares(pairs, threads)]
        try:
            while not all(job.done() for job in jobs):
                if any(job.exception() for job in wait(jobs, timeout=0.1, return_when=FIRST_EXCEPTION).done):
                    stop.set()
                progress.show(sum(done))
            for name, recipe, seed in pairs:
                if not isinstance(recipe.network, MLP) and not stop.is_set():
                    alone[name, seed] = fit(recipe, task, seed, history)
                    done.append(recipe.epochs)
                    progress.show(sum(done))
        except KeyboardInterrupt:
            stop.set()  # the caller sees that runs are missing
    return alone | {key: run for job in jobs for key, run in job.result().items()}


def _shares(pairs: list[_Pair], threads: int) -> list[list[list[_Pair]]]:
    """Divide what can be stacked into stacks of equal size, networks that one optimizer can serve side by side. For
    each network of a stack, return the pairs that it serves: they differ only in when they stop."""
    networks: list[list[_Pair]] = []
    known: dict[int, list[tuple[Recipe, list[_Pair]]]] = {}  # by seed
    for pair in pairs:
        if isinstance(pair.recipe.network, MLP):
            endless = pair.recipe.but(patience=None, monitor=MONITORS[0])
            same = [network for recipe, network in known.setdefault(pair.seed, []) if recipe == endless]
            if same:
                same[0].append(pair)
            else:
                networks.append([pair])
                known[pair.seed].append((endless, networks[-1]))
    groups: dict[tuple[object, ...], list[list[_Pair]]] = {}
    for network in networks:
        stops = all(recipe.patience is not None for _, recipe, _ in network)
        groups.setdefault((stops, *_fields(network[0].recipe, COMMON)), []).append(network)
    shares = []
    for group in groups.values():
        group.sort(key=lambda network: _fields(network[0].recipe, STEP))
        count = max(ceil(len(group) / STACK), min(threads, len(group) // SHARE))
        size = ceil(len(group) / count)
        shares += [group[first : first + size] for first in range(0, len(group), size)]
    return shares


def _fields(recipe: Recipe, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(getattr(recipe, name) for name in names)


class _Stopped(Exception):
    """The training was told to stop before its end."""


def _train_stack(
    networks: list[list[_Pair]], task: Task, history: bool, stop: Event, done: list[int]
) -> dict[tuple[Hashable, int], Run]:
    """Return the run of each pair, or no runs if told to stop on the way."""
    splits = {seed: task.split(seed) for seed in dict.fromkeys(pairs[0].seed for pairs in networks)}
    if len({tuple(getattr(split, part).features.shape for part in PARTS) for split in splits.values()}) > 1:
        return {(name, seed): fit(recipe, task, seed, history) for pairs in networks for name, recipe, seed in pairs}
    try:
        return _Stack(networks, splits, stop, done).train(history)
    except _Stopped:
        return {}


class _Stack:
    """The networks of a stack, trained in step. Their recipes agree in what is `COMMON`.

    Every tensor has the network as its first dimension. Weights stand as [networks, inputs, outputs] and biases as
    [networks, 1, outputs]; they are views into one tensor, in which the numbers of those networks that share an
    optimizer are adjacent, and these are all that it sees: each of its updates treats every number alone.
    """

    def __init__(self, served: list[list[_Pair]], splits: dict[int, Split], stop: Event, done: list[int]) -> None:
        self.served, self.splits, self.stop, self.done = served, splits, stop, done
        self.pairs = [pairs[0] for pairs in served]  # one for each network
        self.recipe = self.pairs[0].recipe  # for what is COMMON
        self.network: MLP = self.recipe.network  # type: ignore[assignment]
        self._take_data(splits)
        self._initialise()

    def train(self, history: bool) -> dict[tuple[Hashable, int], Run]:
        """Return the run of each pair."""
        trackers = [[Tracker(recipe, self.splits[seed]) for _, recipe, seed in pairs] for pairs in self.served]
        kept: dict[tuple[int, int], list[Tensor]] = {}  # by network and tracker
        for _ in range(self.recipe.epochs):
            batch_losses = self._epoch()
            measures, chances = self._evaluate() if history else ([], [])
            for row, of_row in enumerate(trackers):
                epoch = {"batch_loss": batch_losses[row]} | (measures[row] if history else {})
                for place, tracker in enumerate(of_row):
                    if not tracker.stopped:
                        tracker.note(epoch, chances[row] if history else None)
                        if tracker.improved:
                            kept[row, place] = [values[row].clone() for values in self.parameters]
            self.done.append(sum(map(len, self.served)))
            if all(tracker.stopped for of_row in trackers for tracker in of_row):
                break
        return self._finished(trackers, kept)

    def _finished(
        self, trackers: list[list[Tracker]], kept: dict[tuple[int, int], list[Tensor]]
    ) -> dict[tuple[Hashable, int], Run]:
        """Return the run of each pair, given the weights that early stopping has kept."""
        last = self.flat.clone()
        runs = {}
        for place in range(max(map(len, self.served))):
            self.flat.copy_(last)
            rows = [row for row, pairs in enumerate(self.served) if place < len(pairs)]
            for row in rows:
                for values, value in zip(self.parameters, kept.get((row, place), ()), strict=False):
                    values[row] = value
            outputs = self._predict(*PARTS)
            for row in rows:
                name, _, seed = self.served[row][place]
                of_row = {part: values[row] for part, values in outputs.items()}
                runs[name, seed] = trackers[row][place].finish(seed, self._model(row), of_row)
        return runs

    def _take_data(self, splits: dict[int, Split]) -> None:
        dtype = self.recipe.dtype
        self.parts = {
            part: torch.stack([getattr(split, part).features for split in splits.values()]).to(dtype) for part in PARTS
        }
        self.evaluated_labels = {
            part: torch.stack([getattr(split, part).labels for split in splits.values()]) for part in EVALUATED
        }
        self.seeds = list(splits)
        self.split_of = _places(self.seeds, [seed for _, _, seed in self.pairs])
        self.draws, self.inputs = self.parts["train"].shape[1:]
        weights = [[positive_weight(recipe, splits[seed].train)] for _, recipe, seed in self.pairs]
        pos_weights = torch.tensor(weights, dtype=dtype)[:, :, None]
        self.pos_weights = None if (pos_weights == 1).all() else pos_weights
        # The rows to train on, one source after the other: resampling may leave one seed more than another.
        source_of = [(id(recipe.sampler), seed) for _, recipe, seed in self.pairs]
        sources = {source: (recipe, seed) for source, (_, recipe, seed) in zip(source_of, self.pairs, strict=True)}
        self.source_of = _places(list(sources), source_of)
        rows = [resampled(recipe, splits[seed].train, seed) for recipe, seed in sources.values()]
        plain = all(recipe.sampler is None for _, recipe, _ in self.pairs)
        train = self.parts["train"].view(-1, self.inputs)
        self.features = train if plain else torch.cat([features for features, _ in rows]).to(dtype)
        self.labels = torch.cat([labels for _, labels in rows]).to(dtype)
        self.fetched = self.recipe.batch_size * max(1, FETCH // self.recipe.batch_size)
        self.room = torch.empty(len(self.pairs) * min(self.fetched, self.draws), self.inputs, dtype=dtype)
        self.rows = [len(labels) for _, labels in rows]
        self.first_rows = np.cumsum([0, *self.rows[:-1]])
        self.batch_rngs = [generator("batches", seed) for _, seed in sources]

    def _initialise(self) -> None:
        served = self._blocks(*STEP, "schedule")
        # One optimizer for all takes the layers one after the other, several the networks one after the other.
        groups = 1 if len(served) == 1 else len(self.pairs)
        layers = zip(*(self.network.initial_weights(self.inputs, seed) for seed in self.seeds), strict=True)
        start = [values[self.split_of] for layer in layers for values in _stacked_layer(layer)]
        pieces = [values.reshape(groups, -1) for values in start]
        self.flat = torch.cat(pieces, dim=1).to(self.recipe.dtype)
        self.flat_gradient = torch.zeros_like(self.flat)
        self.parameters = _views(self.flat, start)
        self.transposed = [weight.mT for weight in self.parameters[::2]]
        # A product is slow to write into a view of the second kind, so there the gradients are gathered at the end.
        self.gradients = [values.contiguous() for values in _views(self.flat_gradient, start)]
        self.gathered = [values.view(groups, -1) for values in self.gradients] if groups > 1 else []
        self.optimizers = []
        for recipe, rows in served:
            block = self.flat[rows].view(-1) if groups > 1 else self.flat
            block.grad = self.flat_gradient[rows].view(-1) if groups > 1 else self.flat_gradient
            optimizer = recipe.optimizer_for([block])
            self.optimizers.append((recipe, optimizer, _bare_step(optimizer, block)))
        self.losses = self._blocks("loss")
        self.penalties = [(recipe.l1, rows) for recipe, rows in self._blocks("l1") if recipe.l1]
        self.steps = 0
        hidden = range(len(self.network.hidden)) if self.network.dropout else ()
        self.dropout_rngs = [[dropout_generator(seed, layer) for seed in self.seeds] for layer in hidden]
        self.buffers: dict[int, _Buffers] = {}

    def _blocks(self, *names: str) -> list[tuple[Recipe, slice]]:
        """Return the blocks of adjacent networks whose recipes agree in these fields, each with one of the recipes."""
        blocks, first = [], 0
        for _, block in groupby((recipe for _, recipe, _ in self.pairs), key=lambda recipe: _fields(recipe, names)):
            recipes = list(block)
            blocks.append((recipes[0], slice(first, first + len(recipes))))
            first += len(recipes)
        return blocks

    def _epoch(self) -> list[float]:
        """Take the steps of one epoch and return the mean batch loss of each network."""
        orders = [
            draw_order(rng, rows, self.draws) + first
            for rng, rows, first in zip(self.batch_rngs, self.rows, self.first_rows, strict=True)
        ]
        order = torch.from_numpy(np.stack(orders))[self.source_of]
        labels = self.labels[order][:, :, None]
        masks = [
            torch.stack([dropout_mask(rng, (self.draws, width), self.network.dropout) for rng in rngs])[self.split_of]
            for rngs, width in zip(self.dropout_rngs, self.network.hidden, strict=False)
        ]
        batches = zip(*(value.split(self.recipe.batch_size, dim=1) for value in (labels, *masks)), strict=True)
        logits = []
        for features, (targets, *batch_masks) in zip(self._batches(order), batches, strict=True):
            if self.stop.is_set():
                raise _Stopped
            logits.append(self._step(features, targets, [self._scaled(mask) for mask in batch_masks]).clone())
        sums = torch.cat(logits, dim=1)
        losses = torch.cat([recipe.loss(self._head(sums[rows]), labels[rows]) for recipe, rows in self.losses])
        return weighted(losses, labels, self.pos_weights).double().mean(dim=(1, 2)).tolist()

    def _batches(self, order: Tensor) -> Iterator[Tensor]:
        """Yield the features of each batch, shape [networks, rows, inputs], given the numbers of all rows in order."""
        # The rows of several batches are fetched at once, one network's after the other's: its rows fit the cache.
        for rows in order.split(self.fetched, dim=1):
            room = self.room[: rows.numel()]
            torch.index_select(self.features, 0, rows.reshape(-1), out=room)
            yield from room.view(*rows.shape, self.inputs).split(self.recipe.batch_size, dim=1)

    def _step(self, features: Tensor, labels: Tensor, masks: list[Tensor]) -> Tensor:
        """Take one gradient step on a batch of features, shape [networks, rows, inputs], and labels, shape
        [networks, rows, 1]; return the last layer's sums before the step, of the same shape."""
        buffers = self._buffers_for(labels.shape[1])
        logits = self._forward(buffers, features, masks)
        self._backward(buffers, self._gradient(logits, labels), masks)
        for l1, rows in self.penalties:
            for gradient, values in zip(self.gradients, self.parameters, strict=True):
                gradient[rows].add_(values[rows].sign(), alpha=l1)
        if self.gathered:
            torch.cat(self.gathered, dim=1, out=self.flat_gradient)
        for recipe, optimizer, take_step in self.optimizers:
            set_rate(optimizer, recipe, self.steps, self.draws)
            take_step()
        self.steps += 1
        return logits

    def _gradient(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the gradient of each network's batch loss by its logits, shape [networks, rows, 1]."""
        parts = [self._derivative(recipe.loss, logits[rows], labels[rows]) for recipe, rows in self.losses]
        gradient = parts[0] if len(parts) == 1 else torch.cat(parts)
        return weighted(gradient, labels, self.pos_weights).div_(labels.shape[1])

    def _derivative(self, loss: Loss, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the derivative of the loss of each row, pos_weight aside, by its logit, of the same shape."""
        if self.network.output == "logit" and hasattr(loss, "gradient"):
            return loss.gradient(logits, labels)
        logits = logits.detach().requires_grad_()
        loss(self._head(logits), labels).sum().backward()
        assert logits.grad is not None
        return logits.grad

    def _scaled(self, mask: Tensor) -> Tensor:
        return mask.to(self.recipe.dtype) / (1 - self.network.dropout)

    def _forward(self, buffers: "_Buffers", features: Tensor, masks: list[Tensor]) -> Tensor:
        """Return the last layer's sums, shape [networks, rows, 1]; leave what each layer takes and gives in buffers."""
        activate = _ACTIVATIONS[self.network.activation][0]
        values = features
        for layer, (weight, bias) in enumerate(zip(self.parameters[::2], self.parameters[1::2], strict=True)):
            buffers.inputs[layer] = values
            values = torch.bmm(values, weight, out=buffers.values[layer]).add_(bias)  # baddbmm takes half as long again
            if layer < len(self.network.hidden):
                activate(values)
                if masks:
                    values = values * masks[layer]
        return values

    def _backward(self, buffers: "_Buffers", gradient: Tensor, masks: list[Tensor]) -> None:
        """Fill in the gradients of all parameters, given that of the last layer's sums, shape [networks, rows, 1]."""
        differentiate = _ACTIVATIONS[self.network.activation][1]
        delta = gradient
        for layer in reversed(range(len(buffers.values))):
            torch.bmm(buffers.inputs[layer].mT, delta, out=self.gradients[2 * layer])
            torch.bmm(buffers.ones, delta, out=self.gradients[2 * layer + 1])
            if layer > 0:
                delta = torch.bmm(delta, self.transposed[layer], out=buffers.deltas[layer - 1])
                if masks:
                    delta *= masks[layer - 1]
                differentiate(delta, buffers.values[layer - 1])

    def _predict(self, *parts: str) -> dict[str, Tensor]:
        """Return the networks' outputs in eval mode by part, shape [networks, rows], in float64."""
        outputs = {}
        for part in parts:
            blocks = self.parts[part].split(BLOCK, dim=1)
            logits = [
                self._forward(self._buffers_for(block.shape[1]), block[self.split_of], []).clone() for block in blocks
            ]
            outputs[part] = self._head(torch.cat(logits, dim=1))[:, :, 0].double()
        return outputs

    def _evaluate(self) -> tuple[list[dict[str, float]], list[Tensor]]:
        """Return the measures of an epoch and the probabilities of the validation rows, of each network."""
        outputs = self._predict(*EVALUATED)
        measures: list[dict[str, float]] = [{} for _ in self.pairs]
        chances: list[Tensor] = []
        for recipe, rows in self.losses:
            chances += probabilities(recipe.loss, outputs["validation"][rows])
        for part, values in outputs.items():
            labels = self.evaluated_labels[part][self.split_of]
            for recipe, rows in self.losses:
                weights = None if self.pos_weights is None else self.pos_weights[rows, :, 0].double()
                for name, value in measured(recipe.loss, values[rows], labels[rows], weights).items():
                    for of_network, number in zip(measures[rows], value.tolist(), strict=True):
                        of_network[f"{part}_{name}"] = number
        return measures, chances

    def _head(self, logits: Tensor) -> Tensor:
        return torch.sigmoid(logits) if self.network.output == "probability" else logits

    def _model(self, row: int) -> nn.Module:
        values = [values[row].mT.clone(memory_format=torch.contiguous_format) for values in self.parameters]
        weights = [(weight, bias.flatten()) for weight, bias in zip(values[::2], values[1::2], strict=True)]
        return self.network.assemble(weights, self.pairs[row].seed).eval()

    def _buffers_for(self, rows: int) -> "_Buffers":
        if rows not in self.buffers:
            widths = [*self.network.hidden, 1]
            self.buffers[rows] = _Buffers(
                [torch.empty(len(self.pairs), rows, w, dtype=self.recipe.dtype) for w in widths]
            )
        return self.buffers[rows]


class _Buffers:
    """Room for what one batch of a certain size leaves behind in each layer, used again for the next."""

    def __init__(self, room: list[Tensor]) -> None:
        self.values = room
        self.inputs = list(room)  # of each layer, filled in on the way forward
        self.deltas = [torch.empty_like(values) for values in self.values[:-1]]
        networks, rows, _ = room[0].shape
        self.ones = room[0].new_ones(1, 1, rows).expand(networks, 1, rows)


def _bare_step(optimizer: torch.optim.Optimizer, parameter: Tensor) -> Callable[[], object]:
    """Return the optimizer's step for its only parameter, without most of what PyTorch does around it in Python: for
    hooks, for its profiler, and to look again at every step for what it has to update. With small networks that takes
    as long as the step itself."""
    if not isinstance(optimizer, torch.optim.Adam):  # whose subclass AdamW is
        return partial(unwrap(type(optimizer).step), optimizer)
    group = optimizer.param_groups[0]
    steps, means, squares = torch.zeros(()), torch.zeros_like(parameter), torch.zeros_like(parameter)
    kernel = torch._fused_adamw_ if group["decoupled_weight_decay"] else torch._fused_adam_
    gradient = parameter.grad
    assert gradient is not None

    def step() -> None:
        steps.add_(1)
        kernel(
            [parameter], [gradient], [means], [squares], [], [steps],
            lr=group["lr"], beta1=group["betas"][0], beta2=group["betas"][1], weight_decay=group["weight_decay"],
            eps=group["eps"], amsgrad=False, maximize=False,
        )  # fmt: skip

    return step


def _stacked_layer(layer: Iterable[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    weights, biases = zip(*layer, strict=True)
    return torch.stack([weight.T for weight in weights]), torch.stack([bias[None] for bias in biases])


def _views(flat: Tensor, shapes: list[Tensor]) -> list[Tensor]:
    """Cut a tensor of shape [groups, numbers] into pieces of the shapes of these tensors, first [networks, ...]."""
    pieces = flat.split([values.numel() // len(flat) for values in shapes], dim=1)
    return [piece.view(values.shape) for piece, values in zip(pieces, shapes, strict=True)]


def _places(known: list[Any], wanted: list[Any]) -> slice | Tensor:
    """Return the places of what is wanted in the list of what is known, as an index; one that copies nothing if the
    lists are the same."""
    return slice(None) if wanted == known else torch.tensor([known.index(value) for value in wanted])
