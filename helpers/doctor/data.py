"""What the data say by themselves: whether they are complete, in order, prepared alike, and apart."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from scipy.optimize import brentq
from scipy.stats import mannwhitneyu, rankdata, sem
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from helpers.doctor.anatomy import Evaluation, Training, trainings
from helpers.doctor.findings import Finding, Severity
from helpers.doctor.record import Record
from helpers.doctor.references import (
    LARGEST,
    Reference,
    alike,
    by_stretches,
    deviation,
    groups_of,
    log_losses,
    logit,
    reference,
    spaced,
    tell_apart,
)
from helpers.doctor.tables import MISPLACED, Table, in_order, shared
from helpers.doctor.tape import leaves

HANGING = "the columns hang together otherwise in the rows for evaluation"
OTHERWISE = 4.3  # times a random difference: in the gallery, healthy parts come to 4.05, others to 4.5 and more
IN_ORDER = 0.8  # ROC AUC of the first half of the training rows against the second
STRETCH = 8  # steps of a sequence that are looked for in others


def check_values(steps: list[Training]) -> Iterator[Finding]:
    """Whether all features of the training rows are numbers."""
    for step in steps:
        if missing := _not_finite(step.inputs or leaves(step.features), [step.sums]):
            where = step.calls[0].where if step.calls else step.backward.where
            fix = "impute or drop them before training"
            yield Finding("nan_features", "root", 0.99, f"in the first bad batch {missing}", where, fix)
            return


def check_evaluated_values(evaluated: list[Evaluation], where: str) -> Iterator[Finding]:
    """Whether all features of the rows for evaluation are numbers."""
    for one in evaluated:
        if missing := _not_finite(one.forward.tensors, leaves(one.forward.output)):
            fix = "impute them as in the training rows, by what was fitted there"
            yield Finding("nan_features", "root", 0.97, f"of the rows for evaluation {missing}", where, fix)
            return


def _not_finite(entered: list[Tensor], given: list[Tensor]) -> str:
    """Say how many rows hold NaN or infinite values, and in which columns; nothing if there are none, or if the network
    fills them in itself and gives numbers for all."""
    rows = next((value for value in entered if value.is_floating_point() and not bool(value.isfinite().all())), None)
    if rows is None or rows.ndim == 0:
        return ""
    if given and all(bool(values.isfinite().all()) for values in given):
        return ""
    missing = (~rows.isfinite()).reshape(len(rows), -1)
    columns = ", ".join(map(str, missing.any(dim=0).nonzero().flatten()[:5].tolist()))
    return f"{int(missing.any(dim=1).sum())} of {len(rows)} rows hold NaN or infinite values, in column {columns}"


def check_classes(
    steps: list[Training], record: Record, losses: list[float], whole: Table | None, where: str
) -> Iterator[Finding]:
    """Whether both labels occur: in the batches or, if they are known, in the tensors that these were drawn from.

    losses: at every step of the training, also those after the ones that are known.
    """
    seen = [step.targets for step in steps if step.targets is not None]
    rows = sum(labels.numel() for labels in seen)
    kinds = {value for labels in seen for value in labels.double().unique().tolist()}
    both = whole is not None and 0 < whole.prevalence < 1
    if rows < 30 or len(kinds) > 1 or seen[0].numel() != steps[0].rows or _others(record, steps[0], kinds):
        return
    if both or max(losses[len(steps) :], default=0.0) > 2 * max(losses[: len(steps)], default=inf):
        yield Finding(
            "unshuffled_data",
            "root",
            0.95,
            f"all labels of the first {len(steps)} batches are {kinds.pop():g}; later ones are not",
            where,
            "DataLoader(…, shuffle=True), or a new permutation in each epoch",
        )
    else:
        yield Finding(
            "labels_single_class",
            "root",
            0.97,
            f"all {rows} labels seen in training are {kinds.pop():g}",
            where,
            "check how the labels are read and selected",
        )


def _others(record: Record, step: Training, kinds: set[float]) -> bool:
    """Whether the same loss gets other labels elsewhere, as where a network learns to deceive another."""
    losses = [call for each in trainings(record) for call in each.calls if step.loss and call.name == step.loss.name]
    given = [call.argument(1, "target") for call in losses]
    return any(set(labels.double().unique().tolist()) - kinds for labels in given if isinstance(labels, Tensor))


RAISED = 1.7  # times as often as in the data, where rows are drawn with replacement
AGAIN = 1.1  # times that each row comes in a pass


def check_order(batches: Table, whole: Table | None, pass_rows: int | None, where: str) -> Iterator[Finding]:
    """Whether the batches hold both classes.

    whole: the tensors that the batches were drawn from, if they are known. pass_rows: the rows of a pass through them,
    if that is known.
    """
    everything = whole or batches
    parts = [part for part in np.split(batches.labels, np.cumsum(batches.batches)[:-1]) if len(part) > 2]
    if len(parts) < max(4, len(batches.batches) / 2) or not everything.both_classes:
        return
    share, drawn = everything.prevalence, batches.prevalence
    size = len(whole.labels) if whole is not None else pass_rows
    replaced = bool(size) and not batches.alike_by_chance and _times_each(batches.features[:size]) > AGAIN
    if whole is None and replaced:
        share = _share_among_rows(batches) or share
    least = RAISED if replaced else 4
    if (
        not 1 / least < drawn / share < least
        and abs(drawn - share) > 5 * np.sqrt(share * (1 - share) / len(batches.labels))
        and abs(drawn - 0.5) > abs(share - 0.5)
        and not (whole is not None and in_order(batches, whole))
        and (np.diff(batches.labels) != 0).sum() > drawn * (1 - drawn) * len(batches.labels)  # twice that by chance
    ):
        yield Finding(
            "class_weights_wrong",
            "root",
            0.9,
            f"{share:.1%} of the rows are labelled 1, and {drawn:.1%} of those that are drawn for the batches",
            where,
            "weights of a sampler are 1 / the number of rows of the class",
        )
        return
    share = everything.prevalence
    pure = np.mean([part.min() == part.max() for part in parts])
    likely = np.mean([share ** len(part) + (1 - share) ** len(part) for part in parts])
    if pure > 0.7 and likely < 0.2:
        yield Finding(
            "unshuffled_data",
            "root",
            0.95,
            f"{pure:.0%} of {len(parts)} batches hold one class only; by chance it would be {likely:.0%}",
            where,
            "DataLoader(…, shuffle=True), or a new permutation in each epoch",
        )


def check_cut_by_class(train: Table, held_out: Table, where: str) -> Iterator[Finding]:
    """Whether the rows for evaluation are all of the class with which the training rows end or begin, which stand in
    the order of their labels.

    train: the training rows, in the learner's order.
    """
    if (
        not held_out.labelled
        or held_out.both_classes
        or len(held_out.labels) < 20
        or (np.diff(train.labels) != 0).sum() != 1
    ):
        return
    label = int(held_out.labels[0])
    yield Finding(
        "unshuffled_data",
        "root",
        0.95,
        f"all {len(held_out.labels):,} rows for evaluation are labelled {label}, and the training rows stand in the "
        "order of their labels: a table sorted by class was cut in two",
        where,
        "shuffle the rows before they are split",
    )


def _times_each(rows: np.ndarray) -> float:
    """Return how often a row comes, on average."""
    return len(rows) / max(1, len({row.tobytes() for row in rows}))


def _share_among_rows(batches: Table) -> float | None:
    """Return the share of label 1 among the rows that batches are drawn from with replacement, by how often the rows of
    either class come again: of n rows drawn d times, n (1 - exp(-d / n)) come; None if too few come again to tell."""
    sizes = []
    for label in (0, 1):
        each = _times_each(batches.features[batches.labels == label])
        if not AGAIN < each < 50:
            return None
        often = brentq(lambda times, each=each: times / -np.expm1(-times) - each, 1e-3, 60)
        sizes.append((batches.labels == label).sum() / often)
    return sizes[1] / sum(sizes)


EXACT = 1e-4  # of a column's spread: what chance does not reach in three columns
RARE = 0.05  # of a column's values: of those that fewer rows have, other rows may have none


def check_preparation(
    train: Table, held_out: Table, known: Reference | None, network: Callable[[Table], np.ndarray | None], where: str
) -> Iterator[Finding]:
    """Whether the rows for evaluation lie where those for training lie.

    known: what a reference model finds in the training rows. network: gives the network's log odds for rows, or None.
    """
    if train.features.shape[1] != held_out.features.shape[1] or len(held_out.features) < 20:
        return
    if seen := _scaled_alone(train, held_out):
        cost, fix = "", "fit the scaler on the training rows, and use the same one everywhere"
    elif fills := _filled_otherwise(train, held_out):
        cost, fix = (
            _cost_of_fills(train, held_out, fills, network),
            "fill missing values by what the training rows give",
        )
        seen = fills[0][2]
    if seen:
        harmless = not cost and _costs_nothing(held_out, known, 2.0)
        yield Finding("preprocess_mismatch", "note" if harmless else "root", 0.93, seen + cost, where, fix)
        return
    train = alike(train, held_out, known)
    spread = train.features.std(axis=0)
    if not (spread > 0).any():
        return
    for look, confidence, fix in (
        (_missing_codes, 0.9, "number the categories once, on the training rows, and use the same numbers everywhere"),
        (_far_outside, 0.9, "prepare both parts by the same fitted steps: the same scaler, and the same value for what "
                            "is missing"),
        (_hanging_otherwise, 0.93, "the same columns, in the same order, through the same fitted steps"),
    ):  # fmt: skip
        if seen := look(train, held_out):
            harmless = look is _hanging_otherwise and _costs_nothing(held_out, known)
            yield Finding("preprocess_mismatch", "note" if harmless else "root", confidence, seen, where, fix)
            return
    varies = np.array([_share_of_others(column) >= RARE for column in train.features.T])
    shift = np.abs(held_out.features.mean(axis=0) - train.features.mean(axis=0))[varies] / spread[varies]
    ratio = held_out.features.std(axis=0)[varies] / spread[varies]
    far = (shift > 1) | (ratio > 4) | (ratio < 0.25)
    most = far.sum() > 0.5 * len(far)
    told_apart = 0.5 if most else tell_apart(train, held_out, known)
    repaired = ""
    if 0.65 < told_apart <= 0.95 and known is not None and held_out.labelled:
        repaired = _repaired(train, held_out, known)
    if most or told_apart > 0.95 or repaired:
        seen = (
            f"in {far.sum()} of {len(far)} columns the rows for evaluation lie elsewhere: their mean differs by "
            f"{np.median(shift):.2g} and their spread by a factor of {np.median(ratio):.2g} "
            "(medians, in units of the training rows' spread)"
            if most
            else "boosted trees tell rows for evaluation from training rows by the features alone: "
            f"ROC AUC {told_apart:.2f}, where rows prepared alike give 0.5{repaired}"
        )
        harmless = not most and not repaired and _costs_nothing(held_out, known)
        yield Finding(
            "preprocess_mismatch",
            "note" if harmless else "root",
            0.95 if most or repaired else 0.9,
            seen,
            where,
            "transform both with the scaler fitted on the training rows, columns in the same order",
        )


def _share_of_others(column: np.ndarray) -> float:
    """Return the share of a column's values that are not its most frequent one."""
    return float(1 - np.unique(column, return_counts=True)[1].max() / len(column))


def why_otherwise(finding: Finding, ordered: Table, held_out: Table, as_well: bool) -> Finding:
    """Return a finding that rows for evaluation lie elsewhere with the cause behind it, if there is one to be seen, and
    any other finding as it is.

    ordered: the training rows, in the order of the learner's tensor. as_well: whether the network ranks the rows for
    evaluation as well; then it is only worth knowing that columns hang together otherwise.
    """
    if finding.cause != "preprocess_mismatch":
        return finding
    if seen := _cut_from_order(ordered, held_out):
        return replace(finding, cause="unshuffled_data", evidence=seen, fix="shuffle the rows before they are split")
    if seen := _turned(ordered):
        fix = "leave out changes of rows that the rows for evaluation never had"
        return replace(finding, cause="augmentation_too_heavy", evidence=seen, fix=fix)
    return replace(finding, severity="note") if as_well and finding.evidence.startswith(HANGING) else finding


def _turned(train: Table) -> str:
    """Say how many training rows hold the values of another one in another order, as turned or rolled copies do."""
    rows = np.unique(train.features[:LARGEST], axis=0)
    within = np.sort(rows, axis=1)
    if np.median((np.diff(within, axis=1) > 0).sum(axis=1)) < 8:
        return ""  # of few values
    _, number, counts = np.unique(within, axis=0, return_inverse=True, return_counts=True)
    share = float((counts[number.reshape(-1)] > 1).mean())
    if share < 0.3:
        return ""
    return (
        f"{share:.0%} of the training rows hold the values of another one in another order, as turned or rolled copies "
        "do; the rows for evaluation lie elsewhere"
    )


def _cut_from_order(ordered: Table, held_out: Table) -> str:
    """Say by what the training rows stand in order, if it is the same in all rows for evaluation: then these were cut
    off a sorted table.

    ordered: the training rows, in the order of the learner's tensor.
    """
    names = [f"column {number}" for number in range(ordered.features.shape[1])]
    columns = zip(names, ordered.features.T, held_out.features.T, strict=True)
    labels = [("their label", ordered.labels, held_out.labels)] if held_out.labelled else []
    for name, column, other in (*labels, *columns):
        values, counts = np.unique(column, return_counts=True)
        in_blocks = (np.diff(column) != 0).sum() <= 2 * (len(values) - 1)
        others = len(column) - counts.max()
        if 2 <= len(values) <= 20 and in_blocks and others >= max(5, 0.03 * len(column)) and np.ptp(other) == 0:
            return (
                f"the training rows stand in the order of {name}, which is the same in all rows for evaluation: these "
                "were cut off a sorted table"
            )
    halves = [np.array_split(np.flatnonzero(ordered.labels == label), 2) for label in (0, 1)]
    told_apart = min(tell_apart(*(ordered.at(places) for places in of_class)) for of_class in halves)
    if told_apart > IN_ORDER:
        return (
            "the training rows do not stand in random order: boosted trees tell the first half of either class from "
            f"the second by the features (ROC AUC {told_apart:.2f}); the rows for evaluation were cut off such a table"
        )
    return ""


def _costs_nothing(held_out: Table, known: Reference | None, chance: float = 0.0) -> bool:
    """Whether what a reference model finds in the training rows holds as well for those held out: as where categories
    are encoded by their labels, out of fold in the training rows.

    chance: how many standard deviations of a difference by chance do not count.
    """
    if known is None or not known.found or not held_out.labelled or not held_out.both_classes:
        return False
    odds = known.log_odds(held_out.features)
    there = float(roc_auc_score(held_out.labels, odds))
    losses, before = log_losses(odds, held_out.labels), log_losses(known.odds, known.labels)
    ranks = chance * float(np.hypot(deviation(held_out.labels), deviation(known.labels)))
    more = chance * float(np.hypot(sem(losses), sem(before)))
    return there > known.auc - max(0.01, ranks) and losses.mean() < before.mean() + max(0.02, more)


def _hanging_otherwise(train: Table, held_out: Table) -> str:
    """Say that the columns hang together otherwise in the two parts: the squared distance of their rank correlations is
    far larger than in 12 random splits of all rows, or of groups of rows, into such parts."""
    columns = spaced(train.features.shape[1], 100)
    rng = np.random.default_rng(0)
    places = [np.sort(rng.permutation(len(part.features))[:LARGEST]) for part in (train, held_out)]
    parts = [part.features[kept][:, columns] for part, kept in zip((train, held_out), places, strict=True)]
    varies = np.logical_and(*(np.ptp(part, axis=0) > 0 for part in parts))
    if varies.sum() < 3:
        return ""
    rows = rankdata(np.concatenate([part[:, varies] for part in parts]), axis=0)
    size = len(parts[0])
    groups = groups_of(rows, size)

    def distance(rows: np.ndarray) -> float:
        with np.errstate(invalid="ignore"):
            one, other = (np.corrcoef(part.T) for part in (rows[:size], rows[size:]))
        return float(np.nansum((one - other) ** 2))

    times = distance(rows) / max(
        distance(rows[np.argsort(rng.permutation(groups.max() + 1)[groups], kind="stable")]) for _ in range(12)
    )
    if times <= OTHERWISE:
        return ""
    return (
        f"{HANGING}: from the training rows, their rank correlations differ {times:.0f} times as much as in the worst "
        "of 12 random splits of all rows"
    )


def _scaled_alone(train: Table, held_out: Table) -> str:
    """Say that a scaler was fitted to the rows for evaluation by themselves: of every column with many values, the mean
    is 0 and the spread 1, or the ends are those of the training rows and one row alone reaches them."""
    many = [len(np.unique(column)) > max(20, 0.5 * len(column)) for column in held_out.features.T]
    if np.sum(many) < 3 or shared(held_out, train) > 0.02:
        return ""
    rows, theirs = held_out.features[:, many], train.features[:, many]
    spreads = (rows.std(axis=0), rows.std(axis=0, ddof=1))
    if np.abs(rows.mean(axis=0)).max() < EXACT and any(np.abs(spread - 1).max() < EXACT for spread in spreads):
        return (
            f"in the {len(rows):,} rows for evaluation, {rows.shape[1]} columns have the mean 0 and the spread 1 to "
            "four places: they were scaled by themselves"
        )
    ends = [(rows.min(axis=0), theirs.min(axis=0)), (rows.max(axis=0), theirs.max(axis=0))]
    margin = 0.1 * EXACT * np.ptp(theirs, axis=0)
    reached = [(np.abs(rows - end) <= margin).sum(axis=0) for end, _ in ends]
    if any((np.abs(end - other) > margin).any() for end, other in ends) or not (np.array(reached) == 1).all():
        return ""
    return (
        f"each of {rows.shape[1]} columns ends in the rows for evaluation where it ends in the training rows, to five "
        f"places, as from {rows[:, 0].min():.3g} to {rows[:, 0].max():.3g}: they were scaled by themselves"
    )


def _filled_otherwise(train: Table, held_out: Table) -> list[tuple[int, float, str]]:
    """Return the columns of many values of which one is frequent in one of the two parts and does not occur in the
    other, as what stands for a missing one does; that value; and what to say of it."""
    found = []
    parts = {"training rows": train.features, "rows for evaluation": held_out.features}
    for name, other_name in (list(parts), list(parts)[::-1]):
        for number in range(train.features.shape[1])[spaced(train.features.shape[1], 200)]:
            column, other = parts[name][:, number], parts[other_name][:, number]
            values, counts = np.unique(column, return_counts=True)
            if len(values) < 20:
                continue
            alone = np.where(np.isin(values, other), 0, counts)
            most, next_most = int(alone.max()), int(np.sort(alone)[-2])
            value = values[np.argmax(alone)]
            in_a_row = (np.diff(np.flatnonzero(column == value)) == 1).mean() if most > 1 else 1.0  # as one customer's
            if max(10, 0.03 * len(column)) < most < 0.6 * len(column) and most > 5 * next_most and in_a_row < 0.75:
                seen = (
                    f"in column {number}, {most / len(column):.0%} of the {name} are {value:.3g}, which none "
                    f"of the {len(other):,} {other_name} is: missing values were filled otherwise"
                )
                found.append((number, float(value), seen))
    return found


def _cost_of_fills(
    train: Table, held_out: Table, fills: list[tuple[int, float, str]], network: Callable[[Table], np.ndarray | None]
) -> str:
    """Say how far the network's log loss on the rows for evaluation falls if values that no training row has become the
    median of the training rows; nothing if it does not."""
    features = held_out.features.copy()
    for number, value, _ in fills:
        features[features[:, number] == value, number] = np.median(train.features[:, number])
    given, mended = (network(replace(held_out, features=rows)) for rows in (held_out.features, features))
    if not held_out.labelled or given is None or mended is None:
        return ""
    before, after = (log_losses(odds, held_out.labels) for odds in (given, mended))
    gain = before - after
    if gain.mean() < 0.02 or gain.mean() < 2 * sem(gain):
        return ""
    return (
        "; with the median of the training rows in its place, the network's log loss there falls from "
        f"{before.mean():.2f} to {after.mean():.2f}"
    )


def _far_outside(train: Table, held_out: Table) -> str:
    """Say in which column many rows for evaluation lie far outside all training rows."""
    low, width = train.features.min(axis=0), np.ptp(train.features, axis=0)
    far = np.abs(held_out.features - low - width / 2) > 10 * width
    share = np.where(width > 0, far.mean(axis=0), 0.0)
    worst = int(np.argmax(share))
    if share[worst] < 0.05 or not train.measured[worst]:
        return ""
    values = held_out.features[far[:, worst], worst]
    return (
        f"in {share[worst]:.0%} of the rows for evaluation, column {worst} has values such as {values[0]:.3g}; in the "
        f"training rows it runs from {low[worst]:.3g} to {low[worst] + width[worst]:.3g}"
    )


def _missing_codes(train: Table, held_out: Table) -> str:
    """Say which whole number of a column, usual in the training rows, none of the rows for evaluation has."""
    for number, (column, other) in enumerate(zip(train.features.T, held_out.features.T, strict=True)):
        values, counts = np.unique(column, return_counts=True)
        if not 3 <= len(values) <= 50 or (values % 1).any():
            continue
        for value, share in zip(values, counts / len(column), strict=True):
            likely = (len(column) / (len(column) + len(other))) ** (share * len(column))  # that all are in this part
            if likely < 1e-6 and not (other == value).any():
                return (
                    f"column {number} is {value:g} in {share:.0%} of the training rows and in none of the "
                    f"{len(other)} for evaluation: the numbers do not stand for the same categories"
                )
    return ""


def _repaired(train: Table, held_out: Table, known: Reference) -> str:
    """Say how much better a reference model does on the rows for evaluation once each of their columns has the mean and
    spread of the training rows; nothing if it is not clearly better."""
    spread = held_out.features.std(axis=0)
    scale = train.features.std(axis=0) / np.where(spread > 0, spread, 1)
    moved = (held_out.features - held_out.features.mean(axis=0)) * scale + train.features.mean(axis=0)
    shares = logit(held_out.prevalence) - logit(float(known.labels.mean()))  # other shares of the classes are no fault
    before, after = (log_losses(known.log_odds(rows) + shares, held_out.labels) for rows in (held_out.features, moved))
    gain = before - after
    if gain.mean() < 0.05 or gain.mean() < 3.3 * sem(gain):
        return ""
    if held_out.both_classes and after.mean() > log_losses(logit(held_out.prevalence), held_out.labels).mean():
        return ""  # still worse than the same answer for every row
    return (
        f"; with the mean and spread of the training rows in each column, a reference model's log loss there falls "
        f"from {before.mean():.2f} to {after.mean():.2f}"
    )


def check_pairs(misplaced: float, where: str) -> Iterator[Finding]:
    """Whether the batches pair rows and labels as the tensors do that both were drawn from, of which this share does
    not."""
    if misplaced > MISPLACED:
        yield Finding(
            "labels_misaligned",
            "root",
            0.97,
            f"{misplaced:.0%} of the rows in the batches have another label than the same row in the tensors that rows "
            "and labels were drawn from: the two are drawn in different orders",
            where,
            "draw rows and labels by the same indices, from one DataLoader",
        )


def check_leakage(
    train: Table, held_out: Table, complete: bool, drawn_from: Table | None, twins: float, where: str
) -> Iterator[Finding]:
    """Whether rows stand on both sides of the split: the same, nearly the same, or mixed from one another.

    complete: whether the table holds all training rows. If not, an evaluation of them looks like a leak. drawn_from:
    the tensors that they were drawn from. twins: the share of such rows that equal another one.
    """
    if not complete or len(held_out.labels) < 20:
        return
    continuous = _continuous(train)
    # rows of a table of few values are alike by chance; of a table of measurements, only if they were copied
    copied = len(continuous) >= 3 if drawn_from is None else not drawn_from.alike_by_chance
    expected = 1.5 * twins + 2 * np.sqrt(twins / len(held_out.labels))
    by_chance = min(0.1, expected) if copied else expected
    both = shared(held_out, train) if _same_labels(held_out, train) else 0.0
    moved = _overlapping(train, held_out)
    near, mixed, flags, usual = 0.0, 0.0, 0.0, 0.0
    if not train.codes:  # between two of which nothing lies
        flags, usual = _between_flags(train, held_out), _between_usual_values(train, held_out)
    if len(continuous) >= 3:
        mixed = _mixed(train, held_out, continuous)
        near = max(_near(train, held_out, continuous), _of_one_group(train, held_out, continuous))
    level = train.averages()
    if len(continuous := _continuous(level)) >= 3:
        near = max(near, _of_one_group(level, held_out.averages(), continuous))
    for share, least, what in (
        (both, max(0.02, by_chance), "are also training rows"),
        (moved, 0.1, "hold a stretch of a training row, moved in time: windows that overlap stand on both sides"),
        (near, 0.1, "lie so close to a training row that they must be copies of it"),
        (flags, 0.04, "lie between the two values of columns that are flags, in all of them as far from the nearer "
                      "one: synthetic rows, made before the split"),
        (usual, 0.04, "lie between the values that the rows of one class have in these columns: synthetic rows, made "
                      "before the split"),
        (mixed, 0.1, "lie exactly on the line between two training rows, or a training row on that between them and "
                     "another: synthetic rows, made before the split"),
    ):  # fmt: skip
        if share > least and share * len(held_out.labels) > 2.5:  # one or two rows alike prove nothing
            yield Finding(
                "data_leakage",
                "root",
                0.96,
                f"{share:.0%} of the rows for evaluation {what}",
                where,
                "split first; resample, augment and drop copies afterwards, in the training rows alone",
            )
            return
    if drawn_from is not None and _interleaved(train, held_out, drawn_from):
        yield from _within_stretches(drawn_from, where)


def _within_stretches(ordered: Table, where: str) -> Iterator[Finding]:
    """Whether models rank rows far worse once the rows around them are held out, too: as of a machine or a person that
    others of its rows make known.

    ordered: all rows, in the order of the learner's tensor.
    """
    if (ranks := by_stretches(ordered)) is None:
        return
    at_random, together = ranks
    if at_random - together > 0.1 and together < 0.5 + 0.6 * (at_random - 0.5):
        yield Finding(
            "data_leakage",
            "root",
            0.87,
            "rows that follow each other are alike, as those of one machine, person or day are, and stand on both "
            f"sides of the split: reference models rank rows held out at random with a ROC AUC of {at_random:.2f}, and "
            f"whole stretches of rows held out together with {together:.2f}",
            where,
            "split by machine, person or time: all rows of one on the same side",
            measured={"ROC AUC, rows at random": at_random, "ROC AUC, whole stretches": together},
        )


def _continuous(train: Table) -> np.ndarray:
    """Return the numbers of columns with many values, of very many only some."""
    measured = [len(np.unique(column)) > 20 and not _holds_codes(column) for column in train.features.T]
    continuous = np.flatnonzero(measured)
    return continuous[spaced(len(continuous))]


def _interleaved(train: Table, held_out: Table, ordered: Table) -> bool:
    """Whether rows for training and for evaluation stand among each other in the learner's tensor."""
    trained, others = ({row.tobytes() for row in part.features} for part in (train, held_out))
    known = [row in others for row in map(np.ndarray.tobytes, ordered.features) if row in trained or row in others]
    share = float(np.mean(known)) if known else 0.0
    return share > 0 and float(np.mean(np.diff(known))) > share * (1 - share)


def _same_labels(held_out: Table, train: Table) -> bool:
    """Whether rows held out that are also training rows have the same label there, as copies have."""
    if not held_out.labelled:
        return True
    known: dict[bytes, set[int]] = {}
    for row, label in zip(train.features, train.labels, strict=True):
        known.setdefault(row.tobytes(), set()).add(label)
    found = [known.get(row.tobytes(), set()) for row in held_out.features]
    same = [labels == {label} for labels, label in zip(found, held_out.labels, strict=True) if labels]
    return float(np.mean(same)) > 0.97 if same else False


def _of_one_group(train: Table, held_out: Table, continuous: np.ndarray) -> float:
    """Return the share of held-out rows that have training rows close by and then none for a while, as visits of one
    patient have, if such neighbours nearly always have their label and the next ones beyond do not; else 0."""
    if not held_out.labelled or len(train.labels) < 60:
        return 0.0
    if np.mean([_in_lumps(column) for column in train.features[:, continuous].T]) > 0.5:
        return 0.0  # of codes with a little noise, rows lie in groups anyway
    spread = train.features[:, continuous].std(axis=0)
    kept = np.random.default_rng(0).permutation(len(held_out.labels))[:300]
    rows, others = (part.features[:, continuous] / spread for part in (held_out, train))
    distance, index = NearestNeighbors(n_neighbors=min(20, len(others) - 1)).fit(others).kneighbors(rows[kept])
    ratios = distance[:, :-1] / np.maximum(distance[:, 1:], 1e-30)
    last = ratios.argmin(axis=1)  # of the neighbours before the widest gap
    places = np.arange(len(kept))
    # In d dimensions of even density, the distances of the neighbours k and k + 1 have a ratio below r in r^(kd) cases.
    sizes = np.linalg.eigvalsh(np.atleast_2d(np.cov(others.T))).clip(0)
    dimensions = sizes.sum() ** 2 / (sizes**2).sum()
    narrow = np.clip(1e-3 ** (1 / ((last + 1) * dimensions)), 0.5, 0.8)
    apart = (ratios[places, last] < narrow) & (distance[:, 0] > 0)
    agrees = train.labels[index] == held_out.labels[kept][:, None]
    close = (agrees | (np.arange(agrees.shape[1]) > last[:, None])).all(axis=1)
    beyond = agrees[places, last + 1]
    if apart.sum() < 40 or close[apart].mean() < 0.97 or beyond[apart].mean() > 0.85:
        return 0.0
    return float(apart.mean())


def _overlapping(train: Table, held_out: Table) -> float:
    """Return the share of held-out sequences that hold a stretch of a training sequence at another time."""
    shape = train.shape
    if train.codes or len(shape) != 2 or shape[0] == shape[1] or max(shape) < 2 * STRETCH:
        return 0.0
    known, asked = (_stretches(part.features[:1000].reshape(-1, *shape)) for part in (train, held_out))
    starts, inside = {row[0] for row in known} - {b""}, {stretch for row in known for stretch in row[1:]} - {b""}
    return float(np.mean([row[0] in inside or not starts.isdisjoint(row[1:]) for row in asked]))


def _stretches(rows: np.ndarray) -> list[list[bytes]]:
    """Return for each sequence its stretches of `STRETCH` steps, of the first channel, those left out that do not vary.

    rows: shape [rows, steps, channels] or [rows, channels, steps]; the longer of the two is the time.
    """
    rows = rows[:, :, 0] if rows.shape[1] > rows.shape[2] else rows[:, 0]
    stretches = np.lib.stride_tricks.sliding_window_view(rows, STRETCH, axis=1)
    varied = (np.diff(np.sort(stretches, axis=2), axis=2) > 0).sum(axis=2) > STRETCH - 3
    return [
        [stretch.tobytes() if good else b"" for stretch, good in zip(row, kept, strict=True)]
        for row, kept in zip(stretches, varied, strict=True)
    ]


def _near(train: Table, held_out: Table, continuous: np.ndarray) -> float:
    """Return the share of held-out rows that have a training row close by, or some, and then a long way to the next, if
    that is far more than training rows have among themselves; else 0."""
    lumpy = np.array([_in_lumps(column) for column in train.features[:, continuous].T])
    if (~lumpy).sum() >= 3:  # codes with a little noise lie near each other anyway
        continuous, lumpy = continuous[~lumpy], lumpy[~lumpy]
    rows, others, search = _neighbours(train, held_out, continuous)
    distances = (search.kneighbors(rows)[0], search.kneighbors(others[:300], search.n_neighbors + 1)[0][:, 1:])
    close, usual = (float(((d[:, :1] > 0) & (d[:, :-1] < 0.35 * d[:, 1:])).any(axis=1).mean()) for d in distances)
    return close if close > (3 * usual if lumpy.mean() > 0.5 else min(3 * usual, 0.5)) else 0.0


def _mixed(train: Table, held_out: Table, continuous: np.ndarray) -> float:
    """Return the share of held-out rows that lie on a line with two training rows; of lines in one direction, as where
    three columns are the same in many rows, one counts."""
    rows, others, search = _neighbours(train, held_out, continuous)
    distance, index = search.kneighbors(rows)
    if _is_a_curve(others[index]):
        return 0.0
    steps = others[index] - rows[:, None]
    directions = steps / np.maximum(np.linalg.norm(steps, axis=2, keepdims=True), 1e-30)
    cosines = np.abs(directions @ directions.transpose(0, 2, 1))
    several = (np.abs(steps) > 1e-9).sum(axis=2) >= 3  # rows that differ in one column lie on a line with others, too
    cosines = np.where(several[:, :, None] & several[:, None], cosines, 0)
    pairs = np.triu_indices(search.n_neighbors, 1)
    apart = np.linalg.norm(others[index][:, pairs[0]] - others[index][:, pairs[1]], axis=2) > 1e-6
    found = (cosines[:, *pairs] > 1 - 1e-6) & apart & (distance[:, :1] > 0)
    width = np.ptp(others, axis=0)  # from very far away, all rows lie in one direction
    there = ((rows > others.min(axis=0) - width) & (rows < others.max(axis=0) + width)).all(axis=1)
    on_a_line = np.flatnonzero(found.any(axis=1) & there)
    along = directions[on_a_line, pairs[0][found[on_a_line].argmax(axis=1)]]
    along *= np.sign(along[np.arange(len(along)), np.abs(along).argmax(axis=1)])[:, None]
    return len(np.unique(along.round(3), axis=0)) / len(rows)


def _is_a_curve(groups: np.ndarray) -> bool:
    """Whether most groups of neighbours, shape [groups, rows, columns], lie on a line: then all columns are made from
    one, and every row lies between two others."""
    sizes = np.linalg.svd(groups - groups.mean(axis=1, keepdims=True), compute_uv=False)
    return float((sizes[:, 1] < 1e-5 * sizes[:, 0]).mean()) > 0.5


def _neighbours(train: Table, held_out: Table, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, NearestNeighbors]:
    """Return at most 300 held-out rows and all training rows, in units of these columns' spread, and a search for the
    dozen nearest of the latter."""
    spread = train.features[:, columns].std(axis=0)
    rows, others = (part.features[:, columns] / spread for part in (held_out, train))
    search = NearestNeighbors(n_neighbors=min(12, len(others) - 1)).fit(others)
    return np.random.default_rng(0).permutation(rows)[:300], others, search


def _between_flags(train: Table, held_out: Table) -> float:
    """Return the share of held-out rows that lie between the two values of at least three columns which have only those
    in most rows, and others hardly twice, in each as far from the nearer one, as rows on the line between two others
    do."""
    flags = []
    for number, column in enumerate(train.features.T):
        _, counts = np.unique(column, return_counts=True)
        within = counts[1:-1]
        if min(counts[0], counts[-1]) > 2 and within.sum() < 0.5 * len(column) and len(within) > 0.5 * within.sum() > 0:
            flags.append(number)
    if len(flags) < 3:
        return 0.0
    low, high = train.features[:, flags].min(axis=0), train.features[:, flags].max(axis=0)
    way = (held_out.features[:, flags] - low) / (high - low)
    nearer = np.sort(np.where((way > 1e-4) & (way < 1 - 1e-4), np.minimum(way, 1 - way), np.nan), axis=1)
    return float((nearer[:, 2:] - nearer[:, :-2] < 1e-4).any(axis=1).mean())  # three columns alike


def _between_usual_values(train: Table, held_out: Table) -> float:
    """Return the share of held-out rows that lie, in at least three columns, between the values that the training rows
    of the one class have over and over, where only rows of the other class do: as rows made from two others, whose
    counts are no whole numbers any more."""
    share = 0.0
    for label in (0, 1) if train.source is not None else ():  # what is changed in every pass comes several times
        rows, others = (np.unique(train.features[train.labels == one], axis=0) for one in (label, 1 - label))
        if not len(rows) or not len(others):
            continue
        between = []
        for number in np.flatnonzero(train.measured):
            column = rows[:, number]
            values, counts = np.unique(column, return_counts=True)
            unusual = len(column) - counts.max()
            over_and_over = (counts == 1).sum() < min(0.02 * len(column), 0.1 * unusual) and unusual > 0.1 * len(column)
            if over_and_over and _between(others[:, number], values).mean() > 0.1:
                between.append(_between(held_out.features[:, number], values))
        if len(between) >= 3:
            share = max(share, float((np.sum(between, axis=0) >= 3).mean()))
    return share


def _between(column: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return for each row whether it has none of these sorted values, and some are smaller and some larger."""
    return (column > values[0]) & (column < values[-1]) & ~np.isin(column, values)


def _holds_codes(column: np.ndarray) -> bool:
    """Whether a value that occurs often lies far outside all others, as -999 for what is missing."""
    values, counts = np.unique(column, return_counts=True)
    code = values[np.argmax(counts)]
    rest = values[values != code]
    return counts.max() > 0.01 * len(column) and len(rest) > 0 and bool(np.abs(code - rest).min() > 10 * np.ptp(rest))


def _in_lumps(column: np.ndarray) -> bool:
    """Whether values crowd in a few places, as codes with a little noise do, or a fifth of them in a single one; their
    rows are near each other anyway."""
    low, high = np.quantile(column, (0.01, 0.99))
    if high == low or np.unique(column, return_counts=True)[1].max() > 0.2 * len(column):
        return True
    return bool((np.histogram(column, bins=50, range=(low, high))[0] == 0).mean() > 0.4)


def check_answer(train: Table, windows: bool, where: str) -> Iterator[Finding]:
    """Whether one column gives the answer away: alone it tells the classes apart, with a gap between them, and without
    it the others do not; or it says far more than all others, which is worth a question. Of windows of a series:
    whether two values that follow each other do so.

    windows: whether the rows are such.
    """
    if len(train.labels) < 100 or train.features.shape[1] < 2:
        return
    if windows:
        yield from _next_value(train, where)
        return
    what = "column"
    if train.codes and (train.features.shape[1] > 20 or train.layout.ragged):
        train, what = train.occurrences(), "code"
    told = _each_alone(train)
    if found := list(_row_number(train, told, where)) or list(_two_columns(train, told, where)):
        yield from found
        return
    suspects = [one for one in told if one.auc >= (0.8 if one.pure else 0.9 if one.flag else 0.99)]
    strongest = max(told, key=lambda one: one.auc)
    if not suspects and strongest.auc < 0.9:
        return
    one = suspects[0] if suspects else strongest
    without = reference(train.without(_of_the_same(train, one.number) if one.flag else [one.number]))
    if without is None or (without.auc > 0.97 and one.auc < 1):
        return
    ahead = (1 - without.auc) / max(1 - one.auc, 1e-6)  # how many times as many pairs the others rank wrongly
    if not suspects and not (without.found and (without.auc < one.auc - 0.1 or ahead > 3)):
        return  # else one among others that say something, too
    certain = without.auc < one.auc - 0.05
    if not certain and ahead < 2 and not (one.flag and _is_never_wrong(one.values, train.labels, without)):
        return
    low, high = sorted((one.values[train.labels == label] for label in (0, 1)), key=np.mean)
    gap = (high.min() - low.max()) / max(low.std() + high.std(), 1e-12)
    severity: Severity = "root" if certain and (gap > 0.5 or one.pure) else "costs" if one.flag else "note"
    separates = "separates the classes" if one.auc > 0.99 else "ranks the rows by class"
    yield Finding(
        "data_leakage",
        severity,
        0.85 if severity == "root" else 0.6 if certain or one.flag else 0.3,
        f"{what} {one.number} alone {'all but ' * (0.99 < one.auc < 0.999)}{separates} (ROC AUC {one.auc:.3f}); "
        f"the others reach {without.auc:.2f}"
        + ("; all rows at either end of it are of one class, as if it were the mean label of a few" * one.pure),
        where,
        "ask whether the column is known at the time of the prediction; if not, drop it",
    )


def _is_never_wrong(flag: np.ndarray, labels: np.ndarray, others: Reference) -> bool:
    """Whether a flag marks most rows of one class and not a single one of the other, and the others, to find as many,
    would have to mark many wrongly."""
    for marked in (flag == flag.max(), flag == flag.min()):
        label = int(labels[marked][0])
        found = float(marked[labels == label].mean())
        if (labels[marked] == label).all() and marked.sum() >= 50 and found > 0.7:
            mine = others.labels == label
            odds = others.odds if label else -others.odds
            enough = odds >= np.quantile(odds[mine], 1 - found)
            return float(mine[enough].mean()) < 0.9
    return False


@dataclass(frozen=True)
class _Alone:
    """What one column says about the labels: its values as they were used, whether they mark a frequent one, how well
    they rank the rows, either way round, and whether the rows at either end are of one class."""

    number: int
    values: np.ndarray
    flag: bool
    auc: float
    pure: bool


def _each_alone(train: Table) -> list[_Alone]:
    rows, labels, measured = train.features, train.labels, train.measured
    numbers = range(rows.shape[1])[spaced(rows.shape[1])]
    used = [_as_flag(rows[:, each] if measured[each] else _as_shares(rows[:, each], labels)) for each in numbers]
    ranks = _ranks(np.stack([column for column, _ in used], axis=1), labels)
    told = []
    for number, (column, flag), auc in zip(numbers, used, ranks.tolist(), strict=True):
        pure = bool(measured[number]) and not flag and _ends_are_pure(column, labels)
        told.append(_Alone(number, column, flag, max(auc, 1 - auc), pure))
    return told


def _ranks(columns: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how well each column ranks the rows by label: the ROC AUC, which is the statistic of Mann and Whitney
    over the number of pairs."""
    above = mannwhitneyu(*(columns[labels == label] for label in (1, 0)), method="asymptotic").statistic
    return above / (labels.sum() * (labels == 0).sum())


def _row_number(train: Table, told: list[_Alone], where: str) -> Iterator[Finding]:
    """Whether the labels hardly ever change along a column of many values, without gaps where they do, as along the row
    numbers of a table sorted by class or along what the label was made from, while other columns tell of it, too."""
    for one in told:
        order = np.argsort(one.values, kind="stable")
        steps, changes = np.diff(one.values[order]), np.diff(train.labels[order]) != 0
        if one.flag or changes.sum() > len(changes) / 500 or (steps > 0).mean() < 0.5:
            continue
        without = reference(train.without([one.number]))
        if (
            steps[changes].max() <= np.quantile(steps, 0.99)
            and without is not None
            and without.found
            and without.auc < 0.99
        ):
            yield Finding(
                "data_leakage",
                "root",
                0.85,
                f"sorted by column {one.number}, the labels of {len(order):,} rows change {changes.sum()} times, as "
                f"row numbers of a table sorted by class make them; the others reach a ROC AUC of {without.auc:.2f}",
                where,
                "ask whether the column is known at the time of the prediction; if not, drop it",
            )
            return


def _two_columns(train: Table, told: list[_Alone], where: str) -> Iterator[Finding]:
    """Whether two columns, neither of which does so alone, separate the classes together, as the label's cause before
    and after it does, while the others only tell of it."""
    measured = [one for one in told if not one.flag]
    if not 2 < len(measured) < len(train.labels) / 10 or max(one.auc for one in measured) > 0.9:
        return
    values = np.stack([one.values for one in measured], axis=1)
    line = LinearDiscriminantAnalysis().fit(values, train.labels)
    weights = np.abs(line.coef_[0]) * values.std(axis=0)
    pair = sorted(np.argsort(weights)[-2:])
    apart = LinearDiscriminantAnalysis().fit(values[:, pair], train.labels).decision_function(values[:, pair])
    separates = float(roc_auc_score(train.labels, apart))
    numbers = [measured[place].number for place in pair]
    without = reference(train.without(numbers)) if separates > 0.999 else None
    if without is not None and without.found and 0.6 < without.auc < 0.9:
        yield Finding(
            "data_leakage",
            "root",
            0.8,
            f"columns {numbers[0]} and {numbers[1]} together separate the classes (ROC AUC {separates:.3f} of a "
            f"weighted sum), alone they reach {max(measured[place].auc for place in pair):.2f}, the others "
            f"{without.auc:.2f}",
            where,
            "ask whether both columns are known at the time of the prediction; if not, drop them",
        )


def _of_the_same(train: Table, number: int) -> list[int]:
    """Return the numbers of the columns that say the same as this flag, or the opposite, and those of the flags of the
    same category: its neighbours of which one is set in each row."""
    column = train.features[:, number]
    ends = column == column.max(), column == column.min()
    like = [
        each
        for each, other in enumerate(train.features.T)
        if any(np.array_equal(other == other.max(), end) for end in ends)
    ]
    together, covered = [number], column == column.max()
    for side in (range(number - 1, -1, -1), range(number + 1, train.features.shape[1])):
        for each in side:
            other = train.features[:, each]
            if len(np.unique(other)) != 2 or (covered & (other == other.max())).any():
                break
            together, covered = [*together, each], covered | (other == other.max())
    return sorted({*like, *(together if covered.all() else [])})


def check_encoded(
    train: Table, held_out: Table, known: Reference | None, elsewhere: Reference | None, where: str
) -> Iterator[Finding]:
    """Whether one column ranks the training rows well and the rows for evaluation not at all: it was made from the
    training labels, as the mean label of a category is.

    known: what a reference model finds in the training rows; it falls for such a column, too. elsewhere: what one finds
    in the rows for evaluation; if that is more, it is the labels of the training rows that are wrong.
    """
    if not held_out.labelled or not held_out.both_classes or not train.both_classes or train.codes or known is None:
        return
    if elsewhere is not None and elsewhere.auc > known.auc:
        return
    uncertain = np.hypot(deviation(train.labels), deviation(held_out.labels))
    if known.auc - roc_auc_score(held_out.labels, known.log_odds(held_out.features)) < max(0.1, 2 * uncertain):
        return
    found = []
    columns = train.features.shape[1]
    numbers = range(columns)[spaced(columns)]
    ranks = (_ranks(part.features[:, numbers], part.labels).tolist() for part in (train, held_out))
    for number, here, there in zip(numbers, *ranks, strict=True):
        sign = 1 if here > 0.5 else -1
        here, there = 0.5 + sign * (here - 0.5), 0.5 + sign * (there - 0.5)
        if here > 0.65 and here - there > 2 * uncertain:
            found.append((here, there, number))
    here, there, number = found[0] if len(found) == 1 else (0.5, 0.5, 0)  # in misplaced rows all columns fall
    if here > 0.99 and (np.diff(train.labels) != 0).sum() == 1 and _sorted(train.features[:, number]):
        yield Finding(
            "labels_misaligned",
            "root",
            0.9,
            f"the training rows are sorted by column {number}, and their labels are sorted, too; in the rows for "
            f"evaluation, where that column says nothing (ROC AUC {there:.2f}), they are not",
            where,
            "keep features and labels together wherever rows are sorted",
        )
    elif there < 0.5 + 0.3 * (here - 0.5) and here - there > 4 * uncertain:
        yield Finding(
            "data_leakage",
            "root",
            0.85,
            f"column {number} alone ranks the training rows with a ROC AUC of {here:.2f} and the rows for evaluation "
            f"with {there:.2f}: it seems to be made from the training labels",
            where,
            "compute what is made from labels on other rows than those that it is given to (cross-fitting)",
        )


def _sorted(column: np.ndarray) -> bool:
    steps = np.diff(column)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _as_shares(column: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return a column of codes as the share of label 1 among the rows of each, if there are many rows of each; else as
    it is."""
    _, code, counts = np.unique(column, return_inverse=True, return_counts=True)
    return (np.bincount(code, labels) / counts)[code] if 3 < len(counts) < len(column) / 50 else column


def _as_flag(column: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return a column of few values as it is; one in which one value is frequent among many as whether it is that."""
    values, counts = np.unique(column, return_counts=True)
    if len(values) <= 3:
        return column, True
    if counts.max() > 0.2 * len(column) and counts.max() > 5 * np.sort(counts)[-2]:
        return (column != values[np.argmax(counts)]).astype(float), True
    return column, False


def _next_value(train: Table, where: str) -> Iterator[Finding]:
    steps = np.diff(train.features, axis=1)
    found = [float(roc_auc_score(train.labels, step)) for step in steps.T]
    best = int(np.argmax(found))
    if found[best] > 0.999:
        yield Finding(
            "data_leakage",
            "root",
            0.85,
            f"the label is whether column {best + 1} is above column {best} (ROC AUC {found[best]:.3f}): the windows "
            "hold the very values that the label was made from",
            where,
            "end each window before the first value that the label depends on",
        )


def _ends_are_pure(column: np.ndarray, labels: np.ndarray) -> bool:
    """Whether many rows have exactly the smallest value and many the largest, all of them of one class each, as where
    the column is the mean label of a few rows."""
    ends = [labels[column == end] for end in (column.min(), column.max())]
    return all(len(end) > 0.1 * len(labels) and end.min() == end.max() for end in ends)


def check_renewed(before: Reference, left: Reference, where: str) -> Iterator[Finding]:
    """Whether random changes, made where rows are read, take away what tells the classes apart.

    before: what a reference model finds in the rows for evaluation. left: what it finds in the training rows as fed.
    """
    if before.found and before.auc - left.auc > 0.1 and left.auc < 0.5 + 0.75 * (before.auc - 0.5):
        yield Finding(
            "augmentation_too_heavy",
            "root",
            0.9,
            "the training rows are other ones in every pass: they are changed at random where they are read; a "
            f"reference model ranks such rows with a ROC AUC of {left.auc:.2f}, and one fitted to rows for evaluation "
            f"ranks those with {before.auc:.2f}",
            where,
            "milder changes: look at ten augmented rows and name their class yourself",
        )


def check_augmentation(fed: Table, plain: Table, before: Reference, where: str) -> Iterator[Finding]:
    """Whether random changes of the rows take away what tells the classes apart.

    plain: the same rows without the changes.
    """
    _, same = np.unique(plain.features, axis=0, return_inverse=True)
    left = reference(fed, groups=same) if len(same) == len(fed.labels) else None
    if left is not None and before.found and before.auc - left.auc > 0.15 and left.auc < 0.5 + (before.auc - 0.5) / 2:
        yield Finding(
            "augmentation_too_heavy",
            "root",
            0.9,
            f"a reference model ranks unseen rows with a ROC AUC of {before.auc:.2f} before augmentation, and with "
            f"{left.auc:.2f} as the model gets them",
            where,
            "milder changes: look at ten augmented rows and name their class yourself",
        )


def check_copies(
    ordered: Table, held_out: Table, left: Reference, plain: Reference | None, where: str
) -> Iterator[Finding]:
    """Whether the training rows are copies of fewer rows with so much noise that it hides what tells the classes apart.

    ordered: the training rows, in the order of the learner's tensor. left, plain: what reference models find in them
    and in the rows for evaluation.
    """
    if plain is None or not plain.found or plain.auc - left.auc < 0.1:
        return
    if ordered.codes or ordered.layout != held_out.layout:
        return
    if (copies := _copies(ordered)) is None:
        return
    usual = held_out.features.std(axis=0)
    measured = ordered.measured & (usual > 0)
    noise = copies.std(axis=1, ddof=1).mean(axis=0)[measured] / usual[measured]
    means = copies.mean(axis=1).var(axis=0, ddof=1)[measured]
    within = copies.var(axis=1, ddof=1).mean(axis=0)[measured] / copies.shape[1]
    if np.median(noise) > 1 and np.median(means / np.maximum(within, 1e-30)) > 1:
        yield Finding(
            "augmentation_too_heavy",
            "root",
            0.88,
            f"the labels of {len(copies):,} training rows come {copies.shape[1]} times in the same order, beside rows "
            f"that differ by {np.median(noise):.1f} times the spread of the rows for evaluation: reference models rank "
            f"them with a ROC AUC of {left.auc:.2f}, and rows for evaluation with {plain.auc:.2f}",
            where,
            "copies with much less noise, or none: look at ten of them and name their class yourself",
        )


def _copies(ordered: Table) -> np.ndarray | None:
    """Return the rows as shape [rows before, copies of each, columns], if their labels come several times in the same
    order, or each several times in a row; else None."""
    rows, labels = ordered.features, ordered.labels
    for times in range(20, 1, -1):
        if len(labels) % times:
            continue
        again, beside = labels.reshape(times, -1), labels.reshape(-1, times)
        for groups, copies in ((again.T, np.moveaxis(rows.reshape(times, -1, rows.shape[1]), 0, 1)),
                               (beside, rows.reshape(-1, times, rows.shape[1]))):  # fmt: skip
            if (groups == groups[:, :1]).all() and (np.diff(groups[:, 0]) != 0).sum() > 20:
                return copies
    return None
