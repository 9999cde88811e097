"""How the rows of a batch stand in the tensors that a model takes, and back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod
from operator import itemgetter
from typing import Self

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence, unpack_sequence


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
        step = rows.new_tensor(self.padding).reshape(*self.shape[: self.ragged], 1, *self.shape[place:])
        filling = step.repeat_interleave(missing, dim=self.ragged)
        filling = filling.expand(len(rows), *filling.shape)
        return torch.cat([filling, rows] if self.in_front else [rows, filling], dim=place)

    def steps(self, tensor: Tensor) -> int:
        """Return how long the rows of a tensor are, 0 if all rows are of one shape."""
        return 0 if self.ragged is None else _row_shape(tensor, self.axis)[self.ragged]

    def length(self, rows: Tensor) -> int:
        """Return how long the longest of these rows is without padding, at least 1; 0 if all rows are of one shape."""
        return 0 if self.ragged is None else max(1, int(self.lengths(rows).max()))

    def lengths(self, rows: Tensor) -> Tensor:
        """Return how long each of these rows is without padding, shape [rows]."""
        return _lengths(self.sequences(rows), rows.new_tensor(self.padding), self.in_front)

    def sequences(self, rows: Tensor) -> Tensor:
        """Return rows, shape [rows, …], as shape [rows, steps, values of a step]."""
        assert self.ragged is not None
        moved = rows.movedim(self.ragged + 1, 1)
        return moved.reshape(*moved.shape[:2], -1)

    def moments(self, rows: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean and the standard deviation of each value of these rows, both flattened; of ragged rows, of
        each value of a step over all their steps, which are so many in each row."""
        if self.ragged is None:
            return rows.mean(dim=0).flatten(), rows.std(dim=0, correction=0).flatten()
        real = self.sequences(rows)[_within(lengths, self.shape[self.ragged], self.in_front)]
        of_a_step = (*self.shape[: self.ragged], 1, *self.shape[self.ragged + 1 :])
        both = (real.mean(dim=0), real.std(dim=0, correction=0))
        mean, spread = (found.reshape(of_a_step).expand(self.shape).flatten() for found in both)
        return mean, spread

    def averages(self, rows: Tensor, lengths: Tensor) -> Tensor | None:
        """Return the mean of each value of a step over the steps of each row, shape [rows, values of a step]; None if
        rows are no sequences of measurements: of two axes, the longer one is the time.

        lengths: the steps of each row, if they are ragged.
        """
        if not self.dtype.is_floating_point or len(self.shape) != 2:
            return None
        if self.ragged is None:
            return None if self.shape[0] == self.shape[1] else rows.mean(dim=1 + int(self.shape[1] > self.shape[0]))
        within = _within(lengths, self.shape[self.ragged], self.in_front)[:, :, None]
        return (self.sequences(rows) * within).sum(dim=1) / lengths.clamp(min=1)[:, None]

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
    def lengths(self, rows: Tensor) -> Tensor:
        """Return how long each of these rows is without padding, shape [rows]; of ragged rows only."""

    def _lengths(self, rows: Tensor) -> Tensor:
        return self.lengths(rows) if self.ragged else rows.new_zeros(len(rows))

    def shaped(self, rows: Tensor) -> list[Tensor]:
        """Return the part of each input, shape [rows, *shape]."""
        parts = rows.split([prod(one.shape) for one in self.inputs], dim=1)
        return [part.reshape(len(part), *one.shape) for part, one in zip(parts, self.inputs, strict=True)]

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean and the standard deviation of each column, without padding, both of shape [columns]."""
        lengths = self._lengths(rows)
        found = [one.moments(part, lengths) for one, part in zip(self.inputs, self.shaped(rows), strict=True)]
        means, spreads = zip(*found, strict=True)
        return torch.cat(means), torch.cat(spreads)

    def averages(self, rows: Tensor) -> Tensor:
        """Return the mean of each value of a step over the steps of each row, of all inputs that are sequences of
        measurements, shape [rows, values of a step]."""
        lengths = self._lengths(rows)
        found = [one.averages(part, lengths) for one, part in zip(self.inputs, self.shaped(rows), strict=True)]
        return torch.cat([rows[:, :0], *(part for part in found if part is not None)], dim=1)

    @abstractmethod
    def tensors(self, rows: Tensor, like: Sequence[Tensor] = ()) -> tuple[Tensor, ...]:
        """Return such rows as the tensors that the model takes, as long as the longest of them, or as those of a batch
        like which they are to be."""


@dataclass(frozen=True)
class Columns(Layout):
    """Each row in a place of its own in every tensor. leaders: for each input the number of the one that shows how long
    its rows are: a mask is as long as what it masks."""

    leaders: tuple[int, ...]

    def takes(self, tensors: Sequence[Tensor]) -> bool:
        return len(tensors) == len(self.inputs) and all(
            one.takes(value) for one, value in zip(self.inputs, tensors, strict=True)
        )

    def rows(self, tensors: Sequence[Tensor]) -> Tensor:
        parts = [one.rows(value) for one, value in zip(self.inputs, tensors, strict=True)]
        return torch.cat([part.reshape(len(part), -1) for part in parts], dim=1)

    def lengths(self, rows: Tensor) -> Tensor:
        place = next(place for place, one in enumerate(self.inputs) if one.ragged is not None)
        return self.inputs[self.leaders[place]].lengths(self.shaped(rows)[self.leaders[place]])

    def tensors(self, rows: Tensor, like: Sequence[Tensor] = ()) -> tuple[Tensor, ...]:
        shaped = self.shaped(rows)
        if like:
            lengths = [one.steps(value) for one, value in zip(self.inputs, like, strict=True)]
        else:
            lengths = [self.inputs[leader].length(shaped[leader]) for leader in self.leaders]
        return tuple(one.tensor(part, length) for one, part, length in zip(self.inputs, shaped, lengths, strict=True))


@dataclass(frozen=True)
class Sequences(Layout):
    """Rows of several lengths, not filled up. Here they are, with the length of each in the last column."""

    @classmethod
    @abstractmethod
    def split(cls, tensors: Sequence[Tensor]) -> list[Tensor] | None:
        """Return the rows that stand in tensors, None if these are no such tensors."""

    @abstractmethod
    def joined(self, rows: list[Tensor]) -> tuple[Tensor, ...]:
        """Return rows as the tensors that the model takes."""

    @classmethod
    def of(cls, batches: Sequence[Sequence[Tensor]], number: int) -> Self | None:
        """Return how rows stand in all these batches, or None if they stand otherwise in one of them.

        number: of the rows of the first batch.
        """
        rows: list[Tensor] = []
        for tensors in batches:
            found = cls.split(tensors)
            if not found or (not rows and len(found) != number):
                return None
            rows += found
        first = rows[0]
        if any((row.dtype, row.shape[1:]) != (first.dtype, first.shape[1:]) for row in rows):
            return None
        longest = max(map(len, rows))
        padding = (0.0 if first.is_floating_point() else -1.0,) * prod(first.shape[1:])
        values = Input((longest, *first.shape[1:]), first.dtype, ragged=0, padding=padding)
        return cls((values, Input((), torch.int64)))

    def takes(self, tensors: Sequence[Tensor]) -> bool:
        rows, values = self.split(tensors), self.inputs[0]
        return rows is not None and all(
            row.dtype == values.dtype and row.shape[1:] == values.shape[1:] and len(row) <= values.shape[0]
            for row in rows
        )

    def rows(self, tensors: Sequence[Tensor]) -> Tensor:
        rows, values = self.split(tensors) or [], self.inputs[0]
        filled = [values.rows(row.detach()[None]).flatten() for row in rows]
        lengths = torch.tensor([[len(row)] for row in rows], dtype=torch.float64)
        return torch.cat([torch.stack(filled), lengths], dim=1)

    def lengths(self, rows: Tensor) -> Tensor:
        return rows[:, -1].long()

    def tensors(self, rows: Tensor, like: Sequence[Tensor] = ()) -> tuple[Tensor, ...]:
        values = self.inputs[0]
        filled = rows[:, :-1].reshape(len(rows), *values.shape).to(values.dtype)
        return self.joined([row[: int(length)] for row, length in zip(filled, rows[:, -1], strict=True)])


class Bags(Sequences):
    """Codes of all rows one after the other, then the place at which each row begins, as nn.EmbeddingBag takes them."""

    @classmethod
    def split(cls, tensors: Sequence[Tensor]) -> list[Tensor] | None:
        if len(tensors) != 2 or any(value.ndim != 1 or value.is_floating_point() for value in tensors):
            return None
        codes, offsets = tensors
        starts = 0 < len(offsets) < len(codes) and int(offsets[0]) == 0 and int(offsets[-1]) <= len(codes)
        if not starts or bool((offsets.diff() < 0).any()) or bool((codes < 0).any()):
            return None
        return list(codes.tensor_split(offsets[1:]))

    def joined(self, rows: list[Tensor]) -> tuple[Tensor, ...]:
        lengths = torch.tensor(list(map(len, rows)))
        return torch.cat(rows), lengths.cumsum(0) - lengths


class TurnedBags(Bags):
    """The same, the places first."""

    @classmethod
    def split(cls, tensors: Sequence[Tensor]) -> list[Tensor] | None:
        return super().split(tensors[::-1])

    def joined(self, rows: list[Tensor]) -> tuple[Tensor, ...]:
        return super().joined(rows)[::-1]


class Packed(Sequences):
    """What a PackedSequence holds: the first steps of all rows, then the second ones, and how many rows are as long."""

    @classmethod
    def split(cls, tensors: Sequence[Tensor]) -> list[Tensor] | None:
        if len(tensors) not in (2, 4) or tensors[1].ndim != 1 or tensors[1].dtype != torch.int64:
            return None
        data, sizes, *orders = tensors
        if not data.ndim or int(sizes.sum()) != len(data) or bool((sizes.diff() > 0).any()) or int(sizes[:1].sum()) < 2:
            return None
        if any(order.shape != (int(sizes[0]),) or order.dtype != torch.int64 for order in orders):
            return None
        return list(unpack_sequence(PackedSequence(data, sizes, *orders)))

    def joined(self, rows: list[Tensor]) -> tuple[Tensor, ...]:
        data, sizes, *orders = pack_sequence(rows, enforce_sorted=False)
        return data, sizes, *(order for order in orders if order is not None)


class PackedInOrder(Packed):
    """The same of rows that came in the order of their lengths, which others do not."""

    @classmethod
    def split(cls, tensors: Sequence[Tensor]) -> list[Tensor] | None:
        return super().split(tensors) if len(tensors) == 2 else None

    def joined(self, rows: list[Tensor]) -> tuple[Tensor, ...]:
        data, sizes, *_ = pack_sequence(rows)
        return data, sizes


class Apart(Sequences):
    """Each row in a tensor of its own."""

    @classmethod
    def split(cls, tensors: Sequence[Tensor]) -> list[Tensor] | None:
        kinds = {(value.dtype, value.shape[1:]) for value in tensors if value.ndim}
        enough = len(tensors) >= FEWEST and len(kinds) == 1 and all(value.ndim for value in tensors)
        return list(tensors) if enough else None

    def joined(self, rows: list[Tensor]) -> tuple[Tensor, ...]:
        return tuple(rows)


FEWEST = 8  # rows in tensors of their own
KINDS: tuple[type[Sequences], ...] = (Bags, TurnedBags, PackedInOrder, Packed, Apart)


def rows_of(tensors: Iterable[Tensor]) -> list[Tensor]:
    """Return those of a model's inputs that have a row for each example: as many as the first, or all of them if rows
    of several lengths stand in them."""
    several = [value for value in tensors if value.ndim > 0]
    if any(kind.split(several) is not None for kind in KINDS):
        return several
    return [value for value in several if len(value) == len(several[0])]


def layout_of(batches: Iterable[tuple[Sequence[Tensor], int]]) -> Layout | None:
    """Return the one way in which the rows of all these batches stand in their tensors, or None if there is none.

    batches: for each the tensors, and how many rows stand in them, of training first.
    """
    known = list(batches)
    if not known or not known[0][0]:
        return None
    for kind in KINDS:
        if found := kind.of([tensors for tensors, _ in known], known[0][1]):
            return found
    axis = next((axis for axis in (0, 1) if all(_follow_at(axis, *batch) for batch in known)), None)
    if axis is None or len({len(tensors) for tensors, _ in known}) > 1:
        return None
    slots = [list(slot) for slot in zip(*(tensors for tensors, _ in known), strict=True)]
    inputs = [one for slot in slots if (one := _input(slot, axis)) is not None]
    return _padded(inputs, slots) if len(inputs) == len(slots) else None


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

    Of inputs that are as long as each other, the one with the most different values shows where they are filled up.
    """
    found, leaders = list(inputs), list(range(len(inputs)))
    of_length: dict[tuple[int, ...], list[int]] = {}
    for place, one in enumerate(inputs):
        if one.ragged is not None:
            of_length.setdefault(tuple(map(one.steps, slots[place])), []).append(place)
    for places in of_length.values():
        sequences = {
            place: [inputs[place].sequences(value.detach().double().movedim(inputs[place].axis, 0))
                    for value in slots[place]]
            for place in places
        }  # fmt: skip
        different = {place: len(torch.cat([part.flatten() for part in sequences[place]]).unique()) for place in places}
        leader = max(places, key=lambda place: different[place])
        in_front, padding, share = max((_ending(sequences[leader], side) for side in (False, True)), key=itemgetter(2))
        if share < PADDED:
            return None
        lengths = [_lengths(part, padding, in_front) for part in sequences[leader]]
        blank = [~_within(each, part.shape[1], in_front) for each, part in zip(lengths, sequences[leader], strict=True)]
        for place in places:
            filled = torch.cat([part[where] for part, where in zip(sequences[place], blank, strict=True)])
            step = tuple(_most_frequent(filled)[0].tolist())
            found[place], leaders[place] = replace(inputs[place], padding=step, in_front=in_front), leader
    return Columns(tuple(found), tuple(leaders))


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


def _lengths(sequences: Tensor, padding: Tensor, in_front: bool) -> Tensor:
    """Return how long each sequence is up to the padding, shape [rows]; sequences: shape [rows, steps, values]."""
    used = (sequences != padding).any(dim=2)
    return torch.where(used.flip(1) if in_front else used, torch.arange(1, used.shape[1] + 1), 0).amax(dim=1)


def _within(lengths: Tensor, steps: int, in_front: bool) -> Tensor:
    """Return which of so many steps belong to sequences of these lengths, shape [rows, steps]."""
    places = torch.arange(steps)
    return (places.flip(0) if in_front else places) < lengths[:, None]
