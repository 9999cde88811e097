"""What is noted of a training while it runs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.optim import Optimizer
from torch.utils._pytree import TreeSpec, tree_flatten, tree_leaves, tree_map, tree_unflatten

from helpers.doctor.tape import Call


@dataclass
class Forward:
    """One call of the outermost module that holds parameters.

    inputs: what it was given, also in lists, dictionaries and objects and by keyword, one after the other. nest: how
    they stood in these, None if they did not. training: its mode. start, end: the calls on the tape that it made.
    variables: outside training, the arrays and tensors, as many as there are rows, that the learner's functions hold
    at that moment; numbers: the numbers that they hold, under the expressions that give them. where: the learner's
    line. stack: outside training, the lines at which the learner's functions are, the innermost first.
    """

    model: nn.Module
    inputs: tuple[Any, ...]
    output: Any
    training: bool
    start: int
    end: int
    variables: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)
    nest: TreeSpec | None = None
    where: str = "unknown"
    stack: list[tuple[str, int]] = field(default_factory=list)

    @property
    def tensors(self) -> list[Tensor]:
        """The tensors among the inputs."""
        return [value for value in self.inputs if isinstance(value, Tensor)]

    def again(self, model: nn.Module, inputs: Iterable[Any]) -> Any:
        """Return what a model built like this one gives for other inputs in the same nest."""
        if self.nest is None:
            return model(*inputs)
        arguments, keywords = tree_map(_closed, tree_unflatten(inputs, self.nest), is_leaf=_is_opened)
        return model(*arguments, **keywords)


def flattened(arguments: Any) -> tuple[list[Any], TreeSpec]:
    """Return what stands in a nest of tuples, lists, dictionaries and objects that hold tensors, and how it does."""
    found, nest = tree_flatten(arguments)
    if any(_holds_tensors(value) for value in found):
        return tree_flatten(tree_map(lambda value: _opened(value) if _holds_tensors(value) else value, arguments))
    return found, nest


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, Tensor | nn.Module | type) or callable(value):
        return False
    return any(isinstance(leaf, Tensor) for leaf in tree_leaves(getattr(value, "__dict__", None)))


def _opened(value: Any) -> dict[Any, Any]:
    return {_OBJECT: value, **vars(value)}


def _is_opened(value: Any) -> bool:
    return isinstance(value, dict) and _OBJECT in value


def _closed(value: Any) -> Any:
    if not _is_opened(value):
        return value
    new = copy(value[_OBJECT])
    vars(new).update({name: each for name, each in value.items() if name != _OBJECT})
    return new


_OBJECT = "the object that holds the rest"


@dataclass
class Backward:
    """One call of backward().

    end: the number of calls on the tape before. step: the number of optimizer steps before. stale: the ids of the
    optimizers that had gradients left from before their last step; 0 if there are none and the steps are by hand.
    gradients: by the id of the parameter that requires one, its gradient afterwards, None if it has none. loss: any
    tensor once nothing more is noted of what made it.
    """

    loss: Tensor
    value: Tensor | float
    end: int
    step: int
    where: str
    stale: Set[int] = frozenset()
    gradients: dict[int, Tensor | None] = field(default_factory=dict)


@dataclass
class Step:
    """One step of an optimizer: its learning rates, the gradients it used, and by how much each parameter changed.

    left: the least share of a parameter's size that was left before the next backward(), if the code shrank it.
    """

    optimizer: Optimizer
    rates: tuple[float, ...]
    where: str
    gradients: dict[int, Tensor | None] = field(default_factory=dict)
    changes: dict[int, float] = field(default_factory=dict)
    left: float = 1.0


@dataclass(eq=False)
class Record:
    """What was noted of one training, up to the next optimizer for parameters that none held before.

    calls: of PyTorch functions, in order. start: by the id of a model, its state before its first forward pass.
    pass_rows: the rows of a pass through the DataLoader that the first batch came from. optimizer: one that was there
    at the first backward(). values: by the id of each parameter, what it was at the first backward() and, if no
    optimizer stepped, at the second. plain: the parameters, if there are no modules. trained_on: the sizes of the
    inputs in training, by the number of the input, of its axes and of the axis. unbroken: the number of backward()
    calls before the tape first rested, None if it never did. evaluations: the number of forward passes outside
    training. trained_before: the parameters of earlier trainings. looked: by line, how often a look at a network
    without modules began there. kinds: of the losses, the names of the functions that give their gradients.
    empty_steps: by line, how many steps found no gradient before any backward(). size: of what modules gave, in bytes.
    """

    calls: list[Call] = field(default_factory=list)
    forwards: list[Forward] = field(default_factory=list)
    backwards: list[Backward] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    start: dict[int, dict[str, Tensor]] = field(default_factory=dict)
    pass_rows: int | None = None
    optimizer: Optimizer | None = None
    values: list[dict[int, Tensor]] = field(default_factory=list)
    plain: list[Tensor] = field(default_factory=list)
    trained_on: defaultdict[tuple[int, int, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    unbroken: int | None = None
    evaluations: int = 0
    trained_before: list[Tensor] = field(default_factory=list)
    looked: Counter[str] = field(default_factory=Counter)
    kinds: set[str] = field(default_factory=set)
    empty_steps: Counter[str] = field(default_factory=Counter)
    size: int = 0

    @property
    def held(self) -> list[Tensor]:
        """The parameters that optimizers held so far, in earlier trainings, too."""
        return self.trained_before + held_by(step.optimizer for step in self.steps)

    def note_shapes(self, shapes: Iterable[torch.Size]) -> None:
        """Note the shapes of a batch in training."""
        for place, size in _sizes(shapes):
            self.trained_on[place].add(size)

    def knows_shapes(self, shapes: Iterable[torch.Size]) -> bool:
        """Whether batches in training have such shapes; an axis that had several sizes may have any."""
        known = [(size, self.trained_on[place]) for place, size in _sizes(shapes)]
        return all(size in sizes or len(sizes) > 2 for size, sizes in known)

    def parameters(self, optimizer: Optimizer | None = None) -> list[Tensor]:
        """Return the parameters of every model and optimizer seen so far, and of this one, each once."""
        held = held_by([step.optimizer for step in self.steps] + ([optimizer] if optimizer else []))
        owned = [value for seen in self.forwards for value in seen.model.parameters()]
        different = {id(value): value for value in held + owned + self.plain}.values()
        return [value for value in different if not is_lazy(value) and not value.is_meta]


def _sizes(shapes: Iterable[torch.Size]) -> Iterator[tuple[tuple[int, int, int], int]]:
    for number, shape in enumerate(shapes):
        for axis, size in enumerate(shape):
            yield (number, len(shape), axis), size


def held_by(optimizers: Iterable[Optimizer]) -> list[Tensor]:
    """Return the parameters that these optimizers hold, each once."""
    different = {id(each): each for each in optimizers}.values()
    held = [value for each in different for group in each.param_groups for value in group["params"]]
    return list({id(value): value for value in held}.values())


def any_gradient(gradients: Iterable[Tensor | None]) -> bool:
    """Return whether any of these is there and not 0 everywhere."""
    return any(gradient is not None and bool(gradient.any()) for gradient in gradients)
