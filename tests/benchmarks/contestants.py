"""What is measured: an MLP 20–64–32–1 on 2,000 rows, in batches of 64 shuffled anew for each of 20 epochs, with Adam.

Each contestant is a function that gets the data ready and returns another, which trains: that one is timed. All start
from the data of seed 0, and all but scikit-learn from the weights of seed 0; those that train many networks at once
take seeds 0, 1, 2, … and so train the same networks. Nobody evaluates between the epochs. More than 32 networks get
fewer epochs, so that they take no more steps in all; getting their data ready then weighs the more.
"""

import logging
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from helpers import MLP, FreshDraws, Gaussians, Recipe, replicate
from helpers.seeding import generator
from helpers.training import draw_order

INPUTS, ROWS, BATCH, EPOCHS, RATE = 20, 2000, 64, 20, 1e-3
HIDDEN = (64, 32)
STACKED = 32  # networks that train at once, where many can
GROWTH = (1, 2, 4, 8, 16, 32, 64, 128, 256)

NETWORK = MLP(HIDDEN)


def new_task() -> FreshDraws:
    """Return the task, with a memory of its own for the splits it has drawn (it keeps the latest 64)."""
    return FreshDraws(Gaussians(2.0, INPUTS), train=ROWS, validation=10, test=10)


@dataclass(frozen=True)
class Trained:
    """What a training leaves: its gradient steps, the probabilities its first network gives the training rows
    (computed when asked for, outside the time measured), and the seconds spent on compiling beforehand."""

    steps: int
    predict: Callable[[], np.ndarray]
    compiling: float = 0.0


Train = Callable[[], Trained]
Array = Any  # one of JAX, which need not be installed
Tree = Any


@dataclass(frozen=True)
class Contestant:
    """One line of the table. `prepare` raises ImportError if the library is not installed."""

    name: str
    dtype: torch.dtype
    networks: int
    prepare: Callable[[], Train]
    epochs: int = EPOCHS

    @property
    def steps(self) -> int:
        """The gradient steps of one network."""
        return self.epochs * ceil(ROWS / BATCH)


def everyone() -> list[Contestant]:
    """Return all contestants, `replicate` with 32 seeds in float64 first."""
    one = {
        "Lightning Trainer": lightning_trainer,
        "skorch NeuralNetBinaryClassifier": skorch_classifier,
        "tutorial loop, DataLoader": tutorial_loop,
        "plain tensor loop, fused Adam": plain_loop,
        "scikit-learn MLPClassifier": sklearn_classifier,
    }
    many = {"JAX, jit of vmap of scan": jax_scan, "matrix products alone": products}
    stacked = [
        Contestant("replicate", dtype, STACKED, partial(replicated, dtype, STACKED))
        for dtype in (torch.float64, torch.float32)
    ]
    peers = [
        Contestant(name, dtype, networks, partial(prepare, dtype))
        for functions, networks in ((one, 1), (many, STACKED))
        for name, prepare in functions.items()
        for dtype in (torch.float64, torch.float32)
    ]
    double = torch.float64
    growth = [
        Contestant(
            f"replicate, {seeds} seeds", double, seeds, partial(replicated, double, seeds, epochs=epochs), epochs
        )
        for seeds in GROWTH
        if seeds != STACKED
        for epochs in (min(EPOCHS, ceil(EPOCHS * STACKED / seeds)),)
    ]
    variants = [
        Contestant("replicate, history=True", double, STACKED, partial(replicated, double, STACKED, history=True)),
        Contestant("replicate, 30 seeds", double, 30, partial(replicated, double, 30)),
        Contestant("replicate, 30 seeds, 2 threads", double, 30, partial(replicated, double, 30, threads=2)),
    ]
    return [*stacked, *peers, *growth, *variants]


def replicated(dtype: torch.dtype, seeds: int, history: bool = False, threads: int = 1, epochs: int = EPOCHS) -> Train:
    """The course's own `replicate`."""
    recipe = Recipe(NETWORK, learning_rate=RATE, batch_size=BATCH, epochs=epochs, dtype=dtype)
    task = new_task()

    def train() -> Trained:
        runs = replicate(recipe, task, range(seeds), history, threads)
        return Trained(recipe.steps_for(ROWS), lambda: runs[0].probabilities["train"])

    return train


def tutorial_loop(dtype: torch.dtype) -> Train:
    """The loop of the PyTorch tutorials."""
    features, labels = _data(dtype)
    data = TensorDataset(features, labels[:, None])

    def train() -> Trained:
        model = NETWORK.build(INPUTS, 0).to(dtype)
        loader = DataLoader(data, batch_size=BATCH, shuffle=True)
        loss_function = nn.BCEWithLogitsLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
        for _ in range(EPOCHS):
            running_loss = 0.0
            for batch_features, batch_labels in loader:
                optimizer.zero_grad()
                loss = loss_function(model(batch_features), batch_labels)
                loss.backward()
                optimizer.step()
                running_loss += loss.item()
        return Trained(_steps(optimizer), lambda: _probabilities(model, features))

    return train


def plain_loop(dtype: torch.dtype) -> Train:
    """The fastest loop for one network in plain PyTorch: batches cut out of tensors, one call for all of Adam."""
    features, labels = _data(dtype)

    def train() -> Trained:
        model = NETWORK.build(INPUTS, 0).to(dtype)
        optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
        for _ in range(EPOCHS):
            running_loss = 0.0
            for rows in torch.randperm(ROWS).split(BATCH):
                optimizer.zero_grad()
                logits = model(features[rows])[:, 0]
                loss = nn.functional.binary_cross_entropy_with_logits(logits, labels[rows])
                loss.backward()
                optimizer.step()
                running_loss += loss.item()
        return Trained(_steps(optimizer), lambda: _probabilities(model, features))

    return train


def skorch_classifier(dtype: torch.dtype) -> Train:
    """skorch, without its validation split and its table of epochs."""
    from skorch import NeuralNetBinaryClassifier

    features, labels = _data(dtype)

    def train() -> Trained:
        net = NeuralNetBinaryClassifier(
            lambda: NETWORK.build(INPUTS, 0).to(dtype),
            optimizer=torch.optim.Adam,
            lr=RATE,
            batch_size=BATCH,
            max_epochs=EPOCHS,
            iterator_train__shuffle=True,
            train_split=None,
            verbose=0,
        ).fit(features, labels)
        return Trained(_steps(net.optimizer_), lambda: net.predict_proba(features)[:, 1])

    return train


def lightning_trainer(dtype: torch.dtype) -> Train:
    """Lightning, without logs, checkpoints and progress bar."""
    import lightning

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model = NETWORK.build(INPUTS, 0).to(dtype)

        def training_step(self, batch: list[Tensor], number: int) -> Tensor:
            features, labels = batch
            return nn.functional.binary_cross_entropy_with_logits(self.model(features), labels)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=RATE)

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    warnings.filterwarnings("ignore", module="torch.jit")
    features, labels = _data(dtype)
    data = TensorDataset(features, labels[:, None])

    def train() -> Trained:
        module = Module()
        trainer = lightning.Trainer(
            accelerator="cpu",
            devices=1,
            precision="64-true" if dtype == torch.float64 else "32-true",
            max_epochs=EPOCHS,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(module, DataLoader(data, batch_size=BATCH, shuffle=True))
        return Trained(trainer.global_step, lambda: _probabilities(module.model, features))

    return train


def sklearn_classifier(dtype: torch.dtype) -> Train:
    """scikit-learn, kept from stopping early; it draws its own first weights."""
    features, labels = (values.numpy() for values in _data(dtype))
    warnings.filterwarnings("ignore", message="Stochastic Optimizer: Maximum iterations")

    def train() -> Trained:
        model = MLPClassifier(
            HIDDEN,
            alpha=0.0,
            batch_size=BATCH,
            learning_rate_init=RATE,
            max_iter=EPOCHS,
            tol=0.0,
            n_iter_no_change=EPOCHS + 1,
            random_state=0,
        ).fit(features, labels)
        return Trained(model.t_ // ROWS * ceil(ROWS / BATCH), lambda: model.predict_proba(features)[:, 1])

    return train


def jax_scan(dtype: torch.dtype) -> Train:
    """JAX: the training of one network as a scan over epochs and batches, mapped over the networks and compiled.

    Data, first weights and order of the rows are those of `replicate`, and so are the networks that come out.
    """
    import jax

    jax.config.update("jax_enable_x64", True)
    number = np.dtype(str(dtype).removeprefix("torch."))
    in_full = ROWS // BATCH * BATCH  # rows in batches of full size; the last batch is smaller
    task = new_task()
    parts = [task.split(seed).train for seed in range(STACKED)]
    features = jax.numpy.array(np.stack([part.features.numpy() for part in parts]), number)
    labels = jax.numpy.array(np.stack([part.labels.numpy() for part in parts]), number)

    def logits_of(parameters: Tree, features: Array) -> Array:
        *hidden, (weight, bias) = parameters
        for hidden_weight, hidden_bias in hidden:
            features = jax.nn.relu(features @ hidden_weight + hidden_bias)
        return (features @ weight + bias)[:, 0]

    def loss_of(parameters: Tree, features: Array, labels: Array) -> Array:
        logits = logits_of(parameters, features)
        return (jax.nn.softplus(logits) - labels * logits).mean()

    def train_one(parameters: Tree, features: Array, labels: Array, order: Array) -> tuple[Tree, Array, Array]:
        def step(state: Tree, rows: Array) -> tuple[Tree, Array]:
            parameters, means, squares, count = state
            loss, gradient = jax.value_and_grad(loss_of)(parameters, features[rows], labels[rows])
            count = count + 1
            means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradient)
            squares = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, squares, gradient)
            rate, root = RATE / (1 - 0.9**count), (1 - 0.999**count) ** 0.5
            parameters = jax.tree.map(
                lambda p, m, s: p - rate * m / (jax.numpy.sqrt(s) / root + 1e-8), parameters, means, squares
            )
            return (parameters, means, squares, count), loss

        def epoch(state: Tree, order: Array) -> tuple[Tree, Array]:
            state, losses = jax.lax.scan(step, state, order[:in_full].reshape(-1, BATCH))
            state, last = step(state, order[in_full:])
            return state, (losses.sum() * BATCH + last * (ROWS - in_full)) / ROWS

        zeros = jax.tree.map(jax.numpy.zeros_like, parameters)
        (parameters, _, _, count), losses = jax.lax.scan(epoch, (parameters, zeros, zeros, number.type(0)), order)
        return parameters, count, losses

    def start() -> tuple[Tree, Array, Array, Array]:
        """The first weights, shapes [networks, inputs, outputs] and [networks, outputs], and the order of the rows."""
        layers = zip(*(NETWORK.initial_weights(INPUTS, seed) for seed in range(STACKED)), strict=True)
        parameters = [
            (np.stack([w.T for w, _ in layer]).astype(number), np.stack([b for _, b in layer]).astype(number))
            for layer in layers
        ]
        rngs = [generator("batches", seed) for seed in range(STACKED)]
        orders = np.stack([[draw_order(rng, ROWS, ROWS) for _ in range(EPOCHS)] for rng in rngs])
        return parameters, features, labels, orders.astype(np.int32)

    first = start()
    begun = time.perf_counter()
    compiled = jax.jit(jax.vmap(train_one)).lower(*first).compile()
    compiling = time.perf_counter() - begun

    def train() -> Trained:
        parameters, count, _ = jax.block_until_ready(compiled(*start()))

        def predict() -> np.ndarray:
            return np.array(jax.nn.sigmoid(logits_of([(w[0], b[0]) for w, b in parameters], features[0])))

        return Trained(int(count[0]), predict, compiling)

    return train


def products(dtype: torch.dtype) -> Train:
    """The floor: the matrix products of those steps for all networks, and not one operation more; it learns nothing."""
    sizes = [INPUTS, *HIDDEN, 1]
    weights = [torch.rand(STACKED, *shape, dtype=dtype) for shape in pairwise(sizes)]
    gradients = [torch.empty_like(weight) for weight in weights]
    batches = [min(BATCH, ROWS - first) for first in range(0, ROWS, BATCH)]
    values = {rows: [torch.rand(STACKED, rows, size, dtype=dtype) for size in sizes] for rows in set(batches)}
    deltas = {rows: [torch.rand_like(value) for value in values[rows]] for rows in values}

    def step(values: list[Tensor], deltas: list[Tensor]) -> None:
        for layer, weight in enumerate(weights):
            torch.bmm(values[layer], weight, out=values[layer + 1])
        for layer in reversed(range(len(weights))):
            torch.bmm(values[layer].mT, deltas[layer + 1], out=gradients[layer])
            if layer > 0:
                torch.bmm(deltas[layer + 1], weights[layer].mT, out=deltas[layer])

    def train() -> Trained:
        for _ in range(EPOCHS):
            for rows in batches:
                step(values[rows], deltas[rows])
        return Trained(EPOCHS * len(batches), lambda: np.full(ROWS, np.nan))

    return train


def _data(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    train = new_task().split(0).train
    return train.features.to(dtype), train.labels.to(dtype)


def _steps(optimizer: torch.optim.Optimizer) -> int:
    return int(next(iter(optimizer.state.values()))["step"])


@torch.no_grad()
def _probabilities(model: nn.Module, features: Tensor) -> np.ndarray:
    return torch.sigmoid(model(features))[:, 0].numpy()


def peak_memory(seeds: int) -> tuple[float, float]:
    """Return the greatest memory in GB that this process has held, before and after `replicate` with its history.

    Raises ImportError on Windows, where the system does not tell.
    """
    from resource import RUSAGE_SELF, getrusage

    unit = 1e-9 if sys.platform == "darwin" else 1024e-9
    before = getrusage(RUSAGE_SELF).ru_maxrss * unit
    replicated(torch.float64, seeds, history=True, epochs=2)()
    return before, getrusage(RUSAGE_SELF).ru_maxrss * unit
