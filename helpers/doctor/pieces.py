"""The doctor for a training that is at hand in pieces instead of a loop."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from helpers.doctor.findings import Diagnosis
from helpers.doctor.retraining import kept
from helpers.doctor.watch import watch

Batches = tuple[Tensor, Tensor] | Iterable[tuple[Tensor, Tensor]]


def diagnose(
    model: nn.Module,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: Optimizer,
    train: Batches,
    val: Batches | None = None,
    *,
    batch_size: int,
    epochs: int,
    shuffle: bool = True,
    train_step: Callable[[Tensor, Tensor], object] | None = None,
    predict: Callable[[Tensor], Tensor] | None = None,
    budget: float = 20.0,
) -> Diagnosis:
    """Train for so many epochs under the doctor's eyes and return the diagnosis; model and optimizer stay as they were.

    train, val: features, shape [rows, …], and labels, as a pair of tensors or as an iterable of batches. batch_size and
    shuffle are for a pair. train_step: one step on a batch, given features and labels; by default zero_grad, model,
    loss_fn, backward and step. predict: from features to predicted labels in the form of the labels; compared with
    them by ==. budget: seconds, as in `Watch.diagnose`.

    Raises ValueError for a batch size or a number of epochs that is not a positive integer.
    """
    for name, value in (("batch_size", batch_size), ("epochs", epochs)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name} is {value!r}; expected a positive integer")
    step = train_step or _usual_step(model, loss_fn, optimizer)
    batches, held_out = _once(train), None if val is None else _once(val)
    state = deepcopy(optimizer.state_dict())
    with kept(model), torch.random.fork_rng(devices=[]):
        with watch() as seen:
            for _ in range(epochs):
                model.train()
                for features, labels in _batches(batches, batch_size, shuffle):
                    step(features, labels)
                model.eval()
                with torch.no_grad():
                    for features, labels in _batches(held_out, batch_size, False) if held_out is not None else ():
                        if predict is None:
                            loss_fn(model(features), labels)
                        else:
                            (predict(features) == labels).double().mean()
        found = seen.diagnose(budget)
    optimizer.load_state_dict(state)
    return found


def _usual_step(
    model: nn.Module, loss_fn: Callable[[Tensor, Tensor], Tensor], optimizer: Optimizer
) -> Callable[[Tensor, Tensor], None]:
    def step(features: Tensor, labels: Tensor) -> None:
        optimizer.zero_grad()
        loss_fn(model(features), labels).backward()
        optimizer.step()

    return step


def _once(data: Batches) -> Any:
    """Return a pair of tensors as it is, and an iterable of batches as a list, for it may be good for one pass only."""
    is_pair = isinstance(data, tuple) and len(data) == 2 and all(isinstance(value, Tensor) for value in data)
    return data if is_pair else list(data)


def _batches(data: Any, size: int, shuffle: bool) -> Iterable[tuple[Tensor, Tensor]]:
    if isinstance(data, list):
        yield from data
        return
    features, labels = data
    order = torch.randperm(len(features)) if shuffle else torch.arange(len(features))
    for rows in order.split(size):
        yield features[rows], labels[rows]
