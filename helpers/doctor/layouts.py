"""How the rows of a batch stand in the tensors that a model takes, and back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod

import torch
from torch import Tensor

from helpers.doctor.anatomy import is_bag


@dataclass(frozen=True)
class Input:
    """One of the tensors that a model takes: the shape and the type of what stands in it for a row.

    axis: at which rows follow each other. ragged: the axis of a row along which the rows of a batch are as long as its
    longest, None if all batches have rows of one shape; the shape is that of the longest of all. padding: the values of
    each step with which shorter rows are filled up, in front or behind.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype
    axis: int = 0
    ragged: int | None = None
    padding: tuple[float, ...] = ()
    in_front: bool = False

    def takes(self, tensor: Tensor) -> bool:
        """Whether rows stand in the tensor in this way."""
        if tensor.ndim != len(self.shape) + 1 or tensor.dtype != self.dtype:
            return False
        shape = _row_shape(tensor, self.axis)
        places = range(len(shape))
        return all(shape[i] <= self.shape[i] if i == self.ragged else shape[i] == self.shape[i] for i in places)

    def rows(self, tensor: Tensor) -> Tensor:
        """Return the rows of a tensor, filled up, shape [rows, *shape], in float64."""
        rows = tensor.detach().double().movedim(self.axis, 0)
        if self.ragged is None:
            return rows
        missing, place = self.shape[self.ragged] - self.steps(tensor), self.ragged + 1
        step = rows.new_tensor(self.padding).reshape(rows.narrow(place, 0, 1).shape[1:])
        filling = step.repeat_interleave(missing, dim=self.ragged)
        filling = filling.expand(len(rows), *filling.shape)
        return torch.cat([filling, rows] if self.in_front else [rows, filling], dim=place)

    def steps(self, tensor: Tensor) -> int:
        """Return how long the rows of a tensor are, 0 if all rows are of one shape."""
        return 0 if self.ragged is None else _row_shape(tensor, self.axis)[self.ragged]

    def length(self, rows: Tensor) -> int:
        """Return how long the longest of these rows is without padding, at least 1; 0 if all rows are of one shape."""
        if self.ragged is None:
            return 0
        used = (self.sequences(rows) != rows.new_tensor(self.padding)).any(dim=2).any(dim=0).nonzero().flatten()
        if not len(used):
            return 1
        return int(self.shape[self.ragged] - used[0] if self.in_front else used[-1] + 1)

    def sequences(self, rows: Tensor) -> Tensor:
        """Return rows, shape [rows, …], as shape [rows, steps, values of a step]."""
        assert self.ragged is not None
        moved = rows.movedim(self.ragged + 1, 1)
        return moved.reshape(*moved.shape[:2], -1)

    def tensor(self, rows: Tensor, length: int) -> Tensor:
        """Return rows, shape [rows, *shape], as the model takes them, so long if they are ragged."""
        if self.ragged is not None:
            start = self.shape[self.ragged] - length if self.in_front else 0
            rows = rows.narrow(self.ragged + 1, start, length)
        return rows.movedim(0, self.axis).to(self.dtype).contiguous()


@dataclass(frozen=True)
class Layout(ABC):
    """How the rows of a batch stand in tensors. inputs: what a model takes for each row."""

    inputs: tuple[Input, ...]

    @property
    def ragged(self) -> bool:
        """Whether rows are of several lengths."""
        return any(one.ragged is not None for one in self.inputs)

    @abstractmethod
    def takes(self, tensors: Sequence[Tensor]) -> bool:
        """Whether rows stand in these tensors in this way."""

    @abstractmethod
    def rows(self, tensors: Sequence[Tensor]) -> Tensor:
        """Return the rows of a batch, flattened to shape [rows, columns], in float64, the shorter ones filled up."""

    @abstractmethod
    def tensors(self, rows: Tensor, like: Sequence[Tensor] = ()) -> tuple[Tensor, ...]:
        """Return such rows as the tensors that the model takes, as long as the longest of them, or as those of a batch
        like which they are to be."""


@dataclass(frozen=True)
class Columns(Layout):
    """Each row in a place of its own in every tensor."""

    def takes(self, tensors: Sequence[Tensor]) -> bool:
        return len(tensors) == len(self.inputs) and all(
            one.takes(value) for one, value in zip(self.inputs, tensors, strict=True)
        )

    def rows(self, tensors: Sequence[Tensor]) -> Tensor:
        parts = [one.rows(value) for one, value in zip(self.inputs, tensors, strict=True)]
        return torch.cat([part.reshape(len(part), -1) for part in parts], dim=1)

    def tensors(self, rows: Tensor, like: Sequence[Tensor] = ()) -> tuple[Tensor, ...]:
        parts = rows.split([prod(one.shape) for one in self.inputs], dim=1)
        shaped = [part.reshape(len(part), *one.shape) for part, one in zip(parts, self.inputs, strict=True)]
        longest = max((one.length(part) for part, one in zip(shaped, self.inputs, strict=True)), default=0)
        if like:
            longest = max(one.steps(value) for one, value in zip(self.inputs, like, strict=True))
        return tuple(one.tensor(part, longest) for part, one in zip(shaped, self.inputs, strict=True))


@dataclass(frozen=True)
class Bags(Layout):
    """Codes of all rows one after the other, and the place at which each row begins, as nn.EmbeddingBag takes them."""

    offsets_first: bool

    def _parts(self, tensors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        codes, offsets = reversed(tensors) if self.offsets_first else tensors
        return codes, offsets

    def takes(self, tensors: Sequence[Tensor]) -> bool:
        if not is_bag(tensors):
            return False
        codes, offsets = self._parts(tensors)
        lengths = torch.diff(offsets, append=offsets.new_tensor([len(codes)]))
        return bool(offsets[0] == 0) and bool((lengths <= self.inputs[0].shape[0]).all())

    def rows(self, tensors: Sequence[Tensor]) -> Tensor:
        (one,), (codes, offsets) = self.inputs, self._parts(tensors)
        rows = torch.full((len(offsets), *one.shape), *one.padding, dtype=torch.float64)
        for row, part in zip(rows, codes.detach().tensor_split(offsets[1:]), strict=True):
            row[: len(part)] = part
        return rows

    def tensors(self, rows: Tensor, like: Sequence[Tensor] = ()) -> tuple[Tensor, ...]:
        (one,) = self.inputs
        used = rows != rows.new_tensor(one.padding)
        lengths = used.sum(dim=1)
        found = rows[used].to(one.dtype), (lengths.cumsum(0) - lengths).to(one.dtype)
        return found[::-1] if self.offsets_first else found


def layout_of(batches: Iterable[tuple[Sequence[Tensor], int]]) -> Layout | None:
    """Return the one way in which the rows of all these batches stand in their tensors, or None if there is none.

    batches: for each the tensors, and how many rows stand in them.
    """
    known = list(batches)
    if not known or not known[0][0]:
        return None
    if all(is_bag(tensors) for tensors, _ in known):
        return _bags([tensors for tensors, _ in known])
    axis = next((axis for axis in (0, 1) if all(_follow_at(axis, *batch) for batch in known)), None)
    if axis is None or len({len(tensors) for tensors, _ in known}) > 1:
        return None
    slots = [list(slot) for slot in zip(*(tensors for tensors, _ in known), strict=True)]
    inputs = [found for slot in slots if (found := _input(slot, axis)) is not None]
    return _padded(inputs, slots) if len(inputs) == len(slots) else None


def _bags(batches: list[Sequence[Tensor]]) -> Bags:
    """Return how rows stand in bags; no code is below 0, and what rows are filled up with is."""
    offsets_first = len(batches[0][0]) < len(batches[0][1])
    lengths = []
    for tensors in batches:
        codes, offsets = tensors[::-1] if offsets_first else tensors
        lengths.append(int(torch.diff(offsets, append=offsets.new_tensor([len(codes)])).max()))
    return Bags((Input((max(lengths),), batches[0][offsets_first].dtype, ragged=0, padding=(-1.0,)),), offsets_first)


def _follow_at(axis: int, tensors: Sequence[Tensor], rows: int) -> bool:
    """Whether so many rows follow each other at this axis; of several tensors it has to be the first."""
    return (axis == 0 or len(tensors) == 1) and all(value.shape[axis : axis + 1] == (rows,) for value in tensors)


def _row_shape(tensor: Tensor, axis: int) -> tuple[int, ...]:
    return (*tensor.shape[:axis], *tensor.shape[axis + 1 :])


def _input(tensors: list[Tensor], axis: int) -> Input | None:
    """Return what stands for a row in these tensors, but for the padding; None if they are of several kinds, or of
    shapes that differ in more than one axis."""
    shapes = [_row_shape(value, axis) for value in tensors]
    if len({(len(shape), value.dtype) for shape, value in zip(shapes, tensors, strict=True)}) > 1:
        return None
    differ = [place for place, sizes in enumerate(zip(*shapes, strict=True)) if len(set(sizes)) > 1]
    if len(differ) > 1 or tensors[0].is_complex():
        return None
    longest = tuple(max(sizes) for sizes in zip(*shapes, strict=True))
    return Input(longest, tensors[0].dtype, axis, differ[0] if differ else None)


PADDED = 0.05  # share of rows that end in the same value twice, from which on it is padding


def _padded(inputs: list[Input], slots: list[list[Tensor]]) -> Columns | None:
    """Return the inputs with what their shorter rows are filled up with, or None if that is not to be seen.

    The input with the most different values shows where; others, such as a mask, are filled up at the same places.
    """
    sequences = {
        place: [one.sequences(value.detach().double().movedim(one.axis, 0)) for value in slot]
        for place, (one, slot) in enumerate(zip(inputs, slots, strict=True))
        if one.ragged is not None
    }
    if not sequences:
        return Columns(tuple(inputs))
    lengths = {tuple(part.shape[1] for part in parts) for parts in sequences.values()}
    leader = max(sequences.values(), key=lambda parts: len(torch.cat([part.flatten() for part in parts]).unique()))
    in_front, padding, share = max((_ending(leader, side) for side in (False, True)), key=lambda found: found[2])
    if len(lengths) > 1 or share < PADDED:
        return None
    blank = [_run((part == padding).all(dim=2), in_front) for part in leader]
    found = []
    for place, one in enumerate(inputs):
        if place in sequences:
            filled = torch.cat([part[where] for part, where in zip(sequences[place], blank, strict=True)])
            one = replace(one, padding=tuple(_most_frequent(filled)[0].tolist()), in_front=in_front)
        found.append(one)
    return Columns(tuple(found))


def _ending(parts: list[Tensor], in_front: bool) -> tuple[bool, Tensor, float]:
    """Return the side, the step that most rows have there twice, and the share of rows that do; parts: shape [rows,
    steps, values of a step]."""
    ends = torch.cat([(part if in_front else part.flip(1))[:, :2] for part in parts if part.shape[1] > 1])
    twice = ends[(ends[:, 0] == ends[:, 1]).all(dim=1), 0]
    if not len(twice):
        return in_front, ends[0, 0], 0.0
    step, times = _most_frequent(twice)
    return in_front, step, times / len(ends)


def _most_frequent(steps: Tensor) -> tuple[Tensor, int]:
    """Return the step that occurs most often, and how often; steps: shape [steps, values of a step]."""
    different, counts = steps.unique(dim=0, return_counts=True)
    return different[counts.argmax()], int(counts.max())


def _run(blank: Tensor, in_front: bool) -> Tensor:
    """Return which steps of each row, shape [rows, steps], are blank like all behind, or all in front."""
    if in_front:
        return blank.int().cumprod(dim=1).bool()
    return blank.int().flip(1).cumprod(dim=1).flip(1).bool()
