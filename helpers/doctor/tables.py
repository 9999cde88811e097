"""The data that the block trained and evaluated on, put together from the batches."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from operator import is_not

import numpy as np
import torch
from scipy.stats import mannwhitneyu
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from helpers.doctor.anatomy import LEAVING, LOSSES, RANDOM, Evaluation, Training, same_values
from helpers.doctor.layouts import Columns, Input, Layout, layout_of, rows_of
from helpers.doctor.tape import Call, leaves, replay

SAMPLED = 300  # rows of which neighbours are looked for
DENSE = 0.65  # of the pairs of a row without and one with an equal row: 0.43 to 0.59 in the gallery's copied tables


@dataclass(frozen=True)
class Table:
    """Rows as they entered the model, flattened to shape [rows, columns], their labels, 0 or 1, the size of each batch,
    how the rows stand in the tensors that the model takes, whether the labels are known (else they stand for nothing),
    the learner's tensor that holds the rows, if they were drawn from one, and whether the labels are those of a
    variable that may be of other rows.

    A model that takes several tensors has their columns beside one another.
    """

    features: np.ndarray
    labels: np.ndarray
    batches: tuple[int, ...]
    layout: Layout
    labelled: bool = True
    source: Tensor | None = None
    guessed: bool = False

    @property
    def codes(self) -> bool:
        """Whether the rows are whole numbers that stand for something, such as words."""
        return not any(one.dtype.is_floating_point for one in self.layout.inputs)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a row as the model takes it, [columns] if it stands in several tensors."""
        inputs = self.layout.inputs
        return inputs[0].shape if len(inputs) == 1 else self.features.shape[1:]

    def as_fed(self, features: np.ndarray) -> tuple[Tensor, ...]:
        """Return rows, shape [rows, columns], as the tensors that the model takes."""
        return self.layout.tensors(torch.from_numpy(features))

    @property
    def measured(self) -> np.ndarray:
        """Whether a column holds measurements and not codes, shape [columns]."""
        return np.concatenate([np.full(prod(one.shape), one.dtype.is_floating_point) for one in self.layout.inputs])

    def changed(self, change: Callable[[Tensor], Tensor]) -> Callable[[list[Tensor]], list[Tensor]]:
        """Return a function that applies `change`, which takes and returns shape [rows, columns] in float64, to the
        tensors that rows stand in; codes stay as they are."""
        measured = torch.from_numpy(self.measured)

        def apply(inputs: list[Tensor]) -> list[Tensor]:
            rows = self.layout.rows(inputs)
            return list(self.layout.tensors(torch.where(measured, change(rows), rows), inputs))

        return apply

    def occurrences(self) -> "Table":
        """Whether each of the 500 smallest codes occurs in a row, in the place of the codes."""
        rows = np.stack([(self.features == code).any(axis=1) for code in range(500)], axis=1).astype(float)
        return replace(self, features=rows, layout=_plain(rows))

    def averages(self) -> "Table":
        """The mean of each value of a step over the steps of a row, in the place of sequences of measurements; of other
        rows, no columns."""
        rows = self.layout.averages(torch.from_numpy(self.features)).numpy()
        return replace(self, features=rows, layout=_plain(rows))

    def without(self, columns: list[int]) -> "Table":
        """The same rows without some columns, and therefore without their shape."""
        rest = np.delete(self.features, columns, axis=1)
        return replace(self, features=rest, layout=_plain(rest))

    @property
    def relabelled(self) -> float:
        """The share of the rows that come again in the batches, and do so with another label; 0 if rows that are equal
        may be different ones, or hardly any come again."""
        labels: dict[bytes, list[int]] = {}
        for row, label in zip(self.features, self.labels, strict=True):
            labels.setdefault(row.tobytes(), []).append(label)
        again = [len(set(found)) > 1 for found in labels.values() if len(found) > 1]
        return float(np.mean(again)) if len(again) >= 20 and not self.alike_by_chance else 0.0

    @property
    def in_order_of_length(self) -> bool:
        """Whether the rows of each batch come in the order of their lengths."""
        if not self.layout.ragged:
            return False
        lengths = self.layout.lengths(torch.from_numpy(self.features)).numpy()
        steps = [np.diff(part) for part in np.split(lengths, np.cumsum(self.batches)[:-1]) if np.ptp(part) > 0]
        return len(steps) >= 4 and all(bool((each >= 0).all() or (each <= 0).all()) for each in steps)

    @property
    def prevalence(self) -> float:
        """The share of rows labelled 1."""
        return float(self.labels.mean())

    @property
    def both_classes(self) -> bool:
        """Whether there are at least five rows of each class."""
        return 5 <= self.labels.sum() <= len(self.labels) - 5

    @property
    def windows(self) -> bool:
        """Whether each row holds the row before, moved by a column, as windows of a series do, whatever was added to it
        or by what it was divided."""
        rows = self.features
        if rows.shape[1] < 3 or len(rows) < 3:
            return False
        moved = ((rows[1:, :-1], rows[:-1, 1:]), (rows[1:, 1:], rows[:-1, :-1]))
        return max(float(np.median(_correlations(*pair))) for pair in moved) > 0.999

    @cached_property
    def lagged(self) -> bool:
        """Whether one column holds what another one held a row before, as the past values of a series do."""
        varied = [np.unique(column, return_counts=True)[1].max() < 0.5 * len(column) for column in self.features.T]
        rows = self.features[:, varied]
        if rows.shape[1] < 2 or len(rows) < 10:
            return False
        now, before = (
            (part - part.mean(axis=0)) / np.maximum(part.std(axis=0), 1e-30) for part in (rows[1:], rows[:-1])
        )
        alike = np.abs(now.T @ before) / len(now)
        np.fill_diagonal(alike, 0)
        return bool(alike.max() > 0.999)

    @cached_property
    def twins(self) -> float:
        """The share of the rows that equal another one."""
        counts = np.unique(self.features, axis=0, return_counts=True)[1]
        return float(counts[counts > 1].sum() / counts.sum())

    @cached_property
    def alike(self) -> float:
        """The share of the different rows that differ from another one in a single column, or in two that are flags.

        Where rows of few values are equal by chance, there are more of these; where they were copied, there are not.
        """
        rows = np.unique(self.features, axis=0)
        rows = rows[:, np.ptp(rows, axis=0) > 0]
        if not rows.size:
            return 1.0
        weights = np.where([len(np.unique(column)) == 2 for column in rows.T], 0.5, 1.0)
        some = np.random.default_rng(0).permutation(rows)[:SAMPLED]
        thirds: dict[tuple[int, bytes], list[int]] = {}  # rows that differ in two columns alone share one
        for place, row in enumerate(rows):
            for first in range(3):
                thirds.setdefault((first, row[first::3].tobytes()), []).append(place)
        near = []
        for row in some:
            others = sorted({place for first in range(3) for place in thirds[first, row[first::3].tobytes()]})
            near.append(((rows[others] != row) @ weights < 1.01).sum() > 1)  # beside the row itself
        return float(np.mean(near))

    @cached_property
    def alike_by_chance(self) -> bool:
        """Whether rows that are equal may be different ones: no column has more than 20 values or, in the learner's
        tensor, those that are equal have other labels, or in both classes as many are nearly equal, or they stand
        where rows are dense."""
        if self.source is None:
            return not any(len(np.unique(column)) > 20 for column in self.features.T)
        if self.twins == 0:
            return False
        labelled = np.column_stack([self.features, self.labels])
        pairs, rows = (len(np.unique(part, axis=0)) for part in (labelled, self.features))
        classes = [self.at(np.flatnonzero(self.labels == label)) for label in (0, 1)]
        if pairs - rows > 0.03 * len(self.labels) or all(one.twins <= 1.5 * one.alike for one in classes):
            return True
        dense = [one.twins_are_dense for one in classes if one.twins_are_dense is not None]
        return bool(dense) and all(dense)

    @cached_property
    def twins_are_dense(self) -> bool | None:
        """Whether rows that equal another one lie closer to the next different row than others do, as where they are
        equal by chance, and not where they were copied; None if there are too few of either."""
        rows, counts = np.unique(self.features, axis=0, return_counts=True)
        rows, twice = rows[:, np.ptp(rows, axis=0) > 0], counts > 1
        if min(twice.sum(), (~twice).sum()) < 5:
            return None
        rows = rows / rows.std(axis=0)
        distances = NearestNeighbors(n_neighbors=2).fit(rows).kneighbors(rows)[0][:, 1]
        share, by_chance = mannwhitneyu(distances[~twice], distances[twice], alternative="greater")
        return bool(share > DENSE * twice.sum() * (~twice).sum() and by_chance < 0.01)

    def distinct(self) -> "Table":
        """The rows, each once, in the order in which they first came; all, if equal ones may be different ones."""
        if self.alike_by_chance:
            return self
        _, first = np.unique(np.column_stack([self.features, self.labels]), axis=0, return_index=True)
        return self.at(np.sort(first))

    def among(self, others: "Table") -> "Table":
        """The rows that equal one of the others."""
        known = {row.tobytes() for row in others.features}
        kept = [place for place, row in enumerate(self.features) if row.tobytes() in known]
        return replace(self.at(np.array(kept, dtype=int)), source=None)

    def first(self, rows: int) -> "Table":
        """The first so many rows."""
        return self if rows >= len(self.labels) else self.at(np.arange(rows))

    def at(self, places: np.ndarray) -> "Table":
        """The rows at these places."""
        return replace(self, features=self.features[places], labels=self.labels[places], batches=(len(places),))


def _plain(features: np.ndarray) -> Columns:
    return Columns((Input(features.shape[1:], torch.float64),), (0,))


def _correlations(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the correlation of each row with the other of the same number."""
    one, two = (part - part.mean(axis=1, keepdims=True) for part in (rows, others))
    sizes = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
    return (one * two).sum(axis=1) / np.maximum(sizes, 1e-30)


def binary(labels: Tensor | None) -> np.ndarray | None:
    """Return labels as 0 and 1, shape [rows], or None if they are not two classes or fewer."""
    if labels is None:
        return None
    if labels.ndim == 2 and labels.shape[1] == 2:
        return labels.argmax(dim=1).numpy()
    values = labels.detach().double().reshape(-1).numpy()
    known = np.unique(values[np.isfinite(values)])
    if len(known) > 2:
        return (values > 0.5).astype(int) if (known >= 0).all() and (known <= 1).all() else None
    if len(known) < 2:
        return (values > 0.5).astype(int)
    return (values == known.max()).astype(int)


def common_layout(steps: list[Training], evaluated: list[Evaluation]) -> Layout | None:
    """Return how rows stand in the tensors of all batches; of training alone if in those of the evaluations they stand
    otherwise; None if there is no such way."""
    trained = [(x, step.rows) for step in steps if (x := inputs_in(step))]
    judged = [(x, _answered(one, len(x[0]))) for one in evaluated if (x := rows_of(one.forward.tensors))]
    return layout_of([*trained, *judged]) or layout_of(trained)


def _answered(one: Evaluation, rows: int) -> int:
    """Return for how many rows an evaluation gives answers; if that is not to be seen, so many."""
    given = leaves(one.forward.output)
    if len(given) == 1 and given[0].ndim in (1, 2):
        return len(given[0])
    return next((len(tensor) for call in one.calls for tensor in call.results if tensor.ndim == 1), rows)


def training_table(
    steps: list[Training], layout: Layout | None, before: dict[int, Tensor] | None = None
) -> Table | None:
    """The batches of the training steps on the tape, one below the other; None if they are no tables of numbers.

    layout: how rows stand in the tensors of all batches. before: rows to take in the place of those that the model
    got, by their id; None for the latter, and if it is empty, there is no table.
    """
    if any(step.joint for step in steps):
        return None
    pairs = [(inputs_in(step), step.targets) for step in steps]
    if before is not None:
        pairs = [([before[id(x[0])]] if len(x) == 1 and id(x[0]) in before else [], y) for x, y in pairs]
    known = [(x, y) for x, y in pairs if y is not None]
    return _oriented(_table(known[:1] if _all_equal(known) else known, layout), steps)


def before_changes(steps: list[Training], calls: Iterable[Call]) -> dict[int, Tensor]:
    """Return the rows of each step as they were before random changes, by the id of what the model got, where there
    were any."""
    maker = {id(result): call for call in calls for result in call.results}
    ends = [step.backward.end for step in steps]
    first = max(0, 2 * ends[0] - ends[1]) if len(ends) > 1 else 0  # as long as the second step
    fed = [(inputs[0], since) for step, since in zip(steps, [first, *ends], strict=False)
           if len(inputs := inputs_in(step)) == 1]  # fmt: skip
    return {id(rows): before for rows, since in fed if (before := before_augmentation(rows, maker, since)) is not None}


def _all_equal(batches: list[tuple[list[Tensor], Tensor]]) -> bool:
    """Whether every step got all rows, or one batch over and over."""
    first = [[*x, y] for x, y in batches[:1]]
    return all(
        len(x) + 1 == len(first[0]) and all(a is b or torch.equal(a, b) for a, b in zip((*x, y), first[0], strict=True))
        for x, y in batches
    )


def inputs_in(step: Training) -> list[Tensor]:
    """Return the tensors that entered the model in a step, one row for each example."""
    if step.forward is None:
        return [] if step.features is None else [step.features]
    return rows_of(step.inputs)


def _oriented(table: Table | None, steps: list[Training]) -> Table | None:
    """Return the table with 1 for what the loss takes for positive."""
    if table is None or not any(step.negated for step in steps[:3]):
        return table
    return replace(table, labels=1 - table.labels)


def inputs_of(one: Evaluation) -> Tensor | None:
    """The rows of an evaluation as they entered the model."""
    return next(iter(one.forward.tensors), None)


def evaluation_table(one: Evaluation, layout: Layout | None = None, trained: Table | None = None) -> Table | None:
    """The rows of an evaluation and the labels that its output was compared with; None if they are not to be seen.

    Labels are what the output is compared with or, if it leaves PyTorch, what leaves PyTorch beside it. layout: how
    rows stand in the tensors of the training. trained: the tensors that the training rows were drawn from.
    """
    given = one.forward.tensors
    entering = rows_of(given)
    unknown = _rows([entering], layout) if _may_hold_rows(entering) else None
    if unknown is None:
        return None
    rows, made = len(unknown.labels), {id(tensor) for call in one.calls for tensor in call.results}
    candidates = []
    for call in one.calls:
        candidates += [call.argument(1, "target")] if call.name in LOSSES else []
        if call.name in ("eq", "ne", "sub", "rsub"):
            candidates += [tensor for tensor in call.tensors if id(tensor) not in made]
    known = {id(tensor) for call in one.paired for tensor in call.tensors} | set(map(id, candidates))
    candidates += _labels_beside(one, given[0], rows, trained)
    entered = {id(value) for value in given}
    for labels in sorted(candidates, key=lambda labels: id(labels) in entered):  # such as lengths, or the labels, too
        if isinstance(labels, Tensor) and labels.numel() == rows and id(labels) not in made:
            inputs = [value for value in given if not same_values(value, labels)]
            whole = len(inputs) in (0, len(given))
            found = _labelled(unknown, [labels]) if whole else _table([(rows_of(inputs), labels)], layout)
            if found is not None:
                return replace(found, guessed=id(labels) not in known)
    return unknown


def changed_views(evaluated: list[Evaluation], calls: Iterable[Call]) -> set[int]:
    """Return the ids of the evaluations of rows that were changed, as turned or shifted, where another evaluation
    judges the same rows unchanged: their answers are meant to be averaged."""
    maker = {id(result): call for call in calls for result in call.results}
    judged = {id(one): rows for one in evaluated if (rows := inputs_of(one)) is not None}
    before = {one: before_augmentation(rows, maker, 0) for one, rows in judged.items()}
    return {
        one
        for one, plain in before.items()
        if plain is not None and not torch.equal(plain, judged[one])
        and any(torch.equal(plain, rows) for rows in judged.values())
    }  # fmt: skip


def agreeing(parts: list[Table]) -> list[Table]:
    """Return tables of evaluations, those of the same rows with the same labels: where some were guessed, those that
    are known; where guesses differ, none."""
    same: dict[bytes, list[Table]] = {}
    for part in parts:
        same.setdefault(part.features.tobytes(), []).append(part)
    found = []
    for part in parts:
        others = [other for other in same[part.features.tobytes()] if other.labelled]
        known = [other for other in others if not other.guessed]
        differ = len({other.labels.tobytes() for other in others}) > 1
        if part.guessed and differ:
            part = known[0] if known else replace(part, labelled=False)
        found.append(part)
    return found


def _labels_beside(one: Evaluation, x: Tensor, rows: int, trained: Table | None) -> list[Tensor]:
    """What leaves PyTorch beside the output, or stands at the places of its rows in a longer array of the learner's, or
    is a variable, and has two values, one for each row.

    Nothing if there are several that differ, other than those of the training rows and columns of the features.
    """
    made = {id(tensor) for call in one.calls for tensor in call.results} | one.guesses
    variables = [
        [value if isinstance(value, Tensor) else torch.from_numpy(value.copy()) for value in group.values()
         if isinstance(value, Tensor) or value.dtype.kind in "biuf"]
        for group in one.forward.variables
    ]  # fmt: skip

    def labels_among(group: list[Tensor]) -> list[Tensor]:
        found = [value for value in group if id(value) not in made and value.numel() == rows and _two_valued(value)]
        found = [value for value in found if not torch.equal(value.reshape(-1).to(x.dtype), x.reshape(-1))]
        if not _all_alike(found) and trained is not None:
            known = torch.from_numpy(trained.labels)
            found = [value for value in found if not torch.equal(_marks(value), known)]
        if not _all_alike(found):
            flags = {sign.numpy().tobytes() for column in x.reshape(len(x), -1).T if _two_valued(column)
                     for sign in (_marks(column), 1 - _marks(column))}  # fmt: skip
            found = [value for value in found if _marks(value).numpy().tobytes() not in flags]
        return found if _all_alike(found) else []

    paired = [tensor for call in one.paired for tensor in call.tensors]
    exits = [tensor for call in one.beside if call.name in LEAVING for tensor in call.tensors]
    if found := labels_among(paired) or labels_among(exits):
        return found
    if len(x) == rows and (found := _labels_at_their_places(x, variables)):
        return found
    return next((found for group in variables if (found := labels_among(group))), [])


def _labels_at_their_places(x: Tensor, variables: list[list[Tensor]]) -> list[Tensor]:
    """The labels of rows that were picked from a longer array of the learner's: those at the same places of another
    that is as long and has two values; nothing if there are none or several."""
    rows = x.detach().reshape(len(x), -1)
    known = [value for group in variables for value in group if len(value) > len(x)]
    for longer in known:
        if longer.ndim < 2 or longer[0].numel() != rows.shape[1]:
            continue
        every = longer.detach().reshape(len(longer), -1).to(rows.dtype)
        found = _where_rows_stand(rows.numpy(), every.numpy())
        if found is None:
            continue
        labels = [value.reshape(-1)[found] for value in known if value.numel() == len(longer) and _two_valued(value)]
        labels = [value for value in labels if _two_valued(value)]
        if labels and all(torch.equal(_marks(value), _marks(labels[0])) for value in labels):
            return labels[:1]
    return []


def _where_rows_stand(rows: np.ndarray, every: np.ndarray) -> Tensor | None:
    """Return the places at which rows stand among others: a stretch of them, else each by itself; None if some stand
    nowhere, or many at several places, as rows of categories do."""
    starts = np.flatnonzero((every == rows[0]).all(axis=1))
    if not len(starts):
        return None
    whole = [start for start in starts if np.array_equal(every[start : start + len(rows)], rows)]
    if len(whole) == 1:
        return torch.arange(len(rows)) + int(whole[0])
    places = _places(every)
    found = [places.get(row.tobytes(), -1) for row in rows]
    return torch.tensor(found) if min(found) >= 0 and len(places) > 0.9 * len(every) else None


def _marks(labels: Tensor) -> Tensor:
    """Return 1 for the larger of two values, 0 for the other."""
    return (labels.reshape(-1) == labels.max()).long()


def _all_alike(found: list[Tensor]) -> bool:
    return all(torch.equal(value.reshape(-1).double(), found[0].reshape(-1).double()) for value in found)


def _two_valued(tensor: Tensor) -> bool:
    return tensor.unique().numel() == 2


def _table(
    pairs: list[tuple[list[Tensor], Tensor]], layout: Layout | None, source: Tensor | None = None
) -> Table | None:
    """Return tensors that rows stand in, with their labels, one below the other; see `_rows`."""
    pairs = [(x, y) for x, y in pairs if _may_hold_rows(x)]
    rows = _rows([x for x, _ in pairs], layout)
    return None if rows is None else _labelled(replace(rows, source=source), [y for _, y in pairs])


def _may_hold_rows(tensors: list[Tensor]) -> bool:
    return len(tensors) > 1 or (len(tensors) == 1 and tensors[0].ndim > 1)


def _rows(batches: list[list[Tensor]], layout: Layout | None) -> Table | None:
    """Return tensors that rows stand in, without labels, one below the other.

    layout: how they may stand there; if they don't, or it is None, rows follow each other at the first axis.
    """
    if layout is None or not all(map(layout.takes, batches)):
        layout = layout_of((x, len(x[0])) for x in batches)
    if layout is None or not batches:
        return None
    rows = list(map(layout.rows, batches))
    features = torch.cat(rows).numpy()
    return Table(features, np.arange(len(features)) % 2, tuple(map(len, rows)), layout, labelled=False)


def _labelled(rows: Table, labels: list[Tensor]) -> Table | None:
    """Return rows with the labels of each batch; None if these are not as many, or not of two classes."""
    sizes = rows.batches
    if any(y.numel() not in (size, 2 * size) for y, size in zip(labels, sizes, strict=True)):
        return None
    shaped = [y.detach().double().reshape(size, -1) for y, size in zip(labels, sizes, strict=True)]
    known = binary(torch.cat(shaped).squeeze(1))
    return None if known is None else replace(rows, labels=known, labelled=True)


_SAME_ROWS = {"to", "float", "double", "long", "contiguous", "view", "reshape", "unsqueeze", "squeeze", "clone", "type"}
STACKS = {"stack", "pad_sequence"}  # calls that put rows together
PICKS = {"getitem", "index_select", "stack", "split", "chunk", "tensor_split", "unbind"}


def makers_of(calls: list[Call]) -> dict[int, Call]:
    """Return the calls that pick rows or leave them what they are, by the id of their results."""
    kept = _SAME_ROWS | PICKS
    return {
        id(result): call
        for call in calls
        if call.name in kept
        for result in call.results
        if call.tensors and result is not call.tensors[0]  # as .to() returns what is there already
    }


def origin(tensor: Tensor | None, makers: dict[int, Call]) -> Tensor | None:
    """Return the tensor that these rows were picked from, or the tensor itself if they were not picked."""
    while tensor is not None and id(tensor) in makers:
        call = makers[id(tensor)]
        if call.name in PICKS:
            picked = call.tensors[0]
            if call.name == "stack" and id(picked) in makers:
                picked = makers[id(picked)].tensors[0]  # rows picked one by one, as a DataLoader does
            return picked if picked.ndim and tensor.ndim and len(picked) >= len(tensor) else tensor
        tensor = call.tensors[0]
    return tensor


_CHANGES = RANDOM | {"dropout", "roll", "flip", "rot90", "affine_grid", "grid_sample"}


def before_augmentation(rows: Tensor, maker: dict[int, Call], since: int) -> Tensor | None:
    """Return the rows as they would have been without random changes to them, or None if there were none.

    maker: the calls by the id of their results. since: the place of the step's first call; what was drawn before is
    the same for every batch.
    """
    changed, seen = False, set()
    picked: dict[int, Tensor] = {}  # the rows as they were picked last, and what they would have been then
    waiting = [rows]
    while waiting:
        tensor = waiting.pop()
        call = maker.get(id(tensor))
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        if call is None:
            if tensor is not rows and tensor.shape == rows.shape and tensor.dtype == rows.dtype:
                picked = picked or {id(tensor): tensor}  # by what is not PyTorch
            continue
        changed |= call.name in _CHANGES and call.place >= since
        within = call.name == "getitem" and _picks_within_rows(call)
        like_rows = tensor.is_floating_point() or (tensor.dtype == rows.dtype and tensor.shape == rows.shape)
        if call.name in PICKS | STACKS and not within and tensor is not rows and like_rows:
            if tensor.numel() == rows.numel():
                before = _stacked_before(tensor, maker, since)
                changed |= bool(picked) or before is not None  # rows mixed with others, or changed one by one
                picked = {id(tensor): tensor if before is None else before}
        elif call.name in ("getitem", "index_select") and not within:
            waiting += call.tensors[:1] if tensor is rows else []  # which rows come is no change to them
        elif call.place >= since or len(call.tensors) < 20:  # else a data set was put together
            waiting += call.tensors
    if not picked:
        return _stacked_before(rows, maker, since)
    if not changed:
        return None
    try:
        return _Unchanged(picked, maker, since).value(rows)
    except (RuntimeError, TypeError, ValueError, IndexError, RecursionError):
        return next(iter(picked.values())).reshape(rows.shape)


def _stacked_before(rows: Tensor, maker: dict[int, Call], since: int) -> Tensor | None:
    """Return the same as `before_augmentation` of rows that were changed one by one, and then put together."""
    call = maker.get(id(rows))
    if call is None or call.name not in STACKS:
        return None
    if call.name == "stack" and call.tensors[0].shape != rows.shape[1:]:
        return None
    parts = {id(row): before_augmentation(row, maker, since) for row in call.tensors}
    known = {place: part for place, part in parts.items() if part is not None}
    return replay([call], known, rows) if known else None


class _Unchanged:
    """What calls would have given without random changes to the rows, and with all else that they do to them."""

    def __init__(self, picked: dict[int, Tensor], maker: dict[int, Call], since: int) -> None:
        self.maker, self.since = maker, since
        self.values: dict[int, Tensor | None] = {**picked}  # None: it does not depend on the rows

    def value(self, tensor: Tensor) -> Tensor:
        """Return the unchanged value of a tensor that was made from the rows, of the tensor's shape.

        Raises ValueError if it was not, or if calls that change a tensor in place or give several are on the way.
        """
        found = self._found(tensor)
        if found is None or found.shape != tensor.shape:
            raise ValueError(f"a tensor of shape {tuple(tensor.shape)} was not made from the rows alone")
        return found

    def _found(self, tensor: Tensor) -> Tensor | None:
        if id(tensor) not in self.values:
            self.values[id(tensor)] = None
            call = self.maker.get(id(tensor))
            shape_alone = call is not None and call.name.endswith("_like")
            at_random = tensor.dtype == torch.bool and self._random(tensor)  # some of the places that the rows allow
            if call is not None and not shape_alone and not at_random:
                self.values[id(tensor)] = self._again(call, tensor)
        return self.values[id(tensor)]

    def _again(self, call: Call, made: Tensor) -> Tensor | None:
        known = {id(value): found for value in call.tensors if (found := self._found(value)) is not None}
        if not known:
            return None
        if id(made) in map(id, call.tensors) or call.result is not made:
            raise ValueError(f"`{call.name}` changes a tensor in place, or gives several")
        others = [value for value in call.tensors if id(value) not in known]
        if call.name in _CHANGES or any(self._random(value) for value in others):
            return next(iter(known.values()))
        return replay([call], known, made)

    def _random(self, tensor: Tensor) -> bool:
        call = self.maker.get(id(tensor))
        if call is None or call.place < self.since:
            return False
        return call.name in _CHANGES or any(map(self._random, call.tensors))


def _picks_within_rows(call: Call) -> bool:
    """Whether an index leaves all rows in their places and picks within them."""
    index = call.arguments[1] if len(call.arguments) > 1 else None
    return isinstance(index, tuple) and isinstance(index[0], slice) and index[0] == slice(None)


def drawn_from(steps: list[Training], makers: dict[int, Call], layout: Layout | None) -> Table | None:
    """The tensors that the batches of the steps were drawn from, in their own order; None if there are none.

    layout: how rows stand in the tensors of all batches.
    """
    batches = [inputs_in(step) for step in steps]
    if not batches[0]:
        return None
    known = [(x, step.targets) for x, step in zip(batches, steps, strict=True) if step.targets is not None]
    if len(known) == len(steps) and _all_equal(known):  # nothing is drawn
        drawn: list[list[Tensor | None]] = [[*batches[0], steps[0].targets]]
    else:
        drawn = [[origin(value, makers) for value in (*x, s.targets)] for x, s in zip(batches, steps, strict=True)]
    first = [value for value in drawn[0] if value is not None]
    if any(len(one) != len(first) or any(map(is_not, one, first)) for one in drawn):
        return None
    if any(len(value) != len(first[0]) for value in first):
        return None
    if any(value.shape[1:] != fed.shape[1:] for value, fed in zip(first, batches[0], strict=False)):
        return None
    if layout is not None and layout.ragged and not layout.takes(first[:-1]):
        return None
    return _oriented(_table([(first[:-1], first[-1])], layout, source=first[0]), steps)


def together(parts: list[Table], alike_by_chance: bool = False) -> Table:
    """Return the rows of several tables, each once, or all if equal ones may be different ones. A table that comes
    again is the same rows again."""
    known = {(part.features.tobytes(), part.labels.tobytes()): part for part in parts}
    parts = list(known.values())
    features, labels = (np.concatenate([getattr(part, name) for part in parts]) for name in ("features", "labels"))
    whole = Table(features, labels, (), parts[0].layout, all(part.labelled for part in parts))
    return whole if alike_by_chance else whole.distinct()


def same_rows(one: Table, other: Table) -> bool:
    """Whether two tables hold the same rows, each as often, in whatever order."""
    counted = [np.unique(table.features, axis=0, return_counts=True) for table in (one, other)]
    return all(np.array_equal(mine, its) for mine, its in zip(*counted, strict=True))


def shared(held_out: Table, train: Table) -> float:
    """Return the share of the rows held out that are also training rows."""
    known = {row.tobytes() for row in train.features}
    return float(np.mean([row.tobytes() in known for row in held_out.features]))


def _places(rows: np.ndarray) -> dict[bytes, int]:
    """Return the place of each row by its bytes."""
    return {row.tobytes(): place for place, row in enumerate(rows)}


def in_order(batches: Table, whole: Table) -> bool:
    """Return whether the rows of the batches come in the order in which they stand in the table."""
    places = _places(whole.features)
    found = [places[row.tobytes()] for row in batches.features if row.tobytes() in places]
    return len(found) > 1 and float((np.diff(found) > 0).mean()) > 0.8


MISPLACED = 0.1  # share of rows with another label from which on rows and labels were drawn in different orders


def misplaced(batches: Table, whole: Table) -> float:
    """Return the share of the rows of the batches that stand beside another label than in the tensors that both were
    drawn from; 0 if most of them are other rows."""
    known: dict[bytes, set[int]] = {}
    for row, label in zip(whole.features, whole.labels, strict=True):
        known.setdefault(row.tobytes(), set()).add(label)
    found = [known.get(row.tobytes()) for row in batches.features]
    wrong = [label not in labels for labels, label in zip(found, batches.labels, strict=True) if labels is not None]
    return float(np.mean(wrong)) if len(wrong) > len(found) / 2 else 0.0
