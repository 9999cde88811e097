"""The data that the block trained and evaluated on, put together from the batches, and what they say by themselves."""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from helpers.doctor.anatomy import LOSSES, Evaluation, Training
from helpers.doctor.findings import Finding, Severity
from helpers.doctor.tape import Call

LARGEST = 3000  # rows that models are fitted to


@dataclass(frozen=True)
class Table:
    """Rows as they entered the model, flattened to shape [rows, columns], their labels, 0 or 1, the size of each batch,
    the shape that a row had, whether the labels are known (else they stand for nothing), and the learner's tensor that
    holds the rows, if they were drawn from one."""

    features: np.ndarray
    labels: np.ndarray
    batches: tuple[int, ...]
    shape: tuple[int, ...]
    labelled: bool = True
    source: Tensor | None = None

    @property
    def prevalence(self) -> float:
        """The share of rows labelled 1."""
        return float(self.labels.mean())

    @property
    def both_classes(self) -> bool:
        """Whether there are at least five rows of each class."""
        return 5 <= self.labels.sum() <= len(self.labels) - 5

    def distinct(self) -> "Table":
        """The rows, each once, in the order in which they first came; all, if no column has more than 20 values, for
        then equal rows may be different ones."""
        if not any(len(np.unique(column)) > 20 for column in self.features.T):
            return self
        _, first = np.unique(np.column_stack([self.features, self.labels]), axis=0, return_index=True)
        kept = np.sort(first)
        return replace(self, features=self.features[kept], labels=self.labels[kept], batches=(len(kept),))


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


def training_table(steps: list[Training], as_fed: bool = True, calls: Iterable[Call] = ()) -> Table | None:
    """The batches of the training steps on the tape, one below the other; None if they are no tables of numbers.

    as_fed: whether to take the rows as the model got them; else as they were before random changes, None if there were
    none.
    """
    pairs = [(step.features, step.targets) for step in steps]
    if not as_fed:
        maker = {id(result): call for call in calls for result in call.results}
        pairs = [(None if x is None else before_augmentation(x, maker), y) for x, y in pairs]
    return _table([(x, y) for x, y in pairs if x is not None and y is not None])


def inputs_of(one: Evaluation) -> Tensor | None:
    """The rows of an evaluation as they entered the model."""
    return next((value for value in one.forward.inputs if isinstance(value, Tensor)), None)


def evaluation_table(one: Evaluation) -> Table | None:
    """The rows of an evaluation and the labels that its output was compared with; None if they are not to be seen.

    Labels are what the output is compared with or, if it leaves PyTorch, what leaves PyTorch beside it.
    """
    x = inputs_of(one)
    if x is None:
        return None
    made = {id(tensor) for call in one.calls for tensor in call.results}
    candidates = []
    for call in one.calls:
        candidates += [call.argument(1, "target")] if call.name in LOSSES else []
        if call.name in ("eq", "ne", "sub", "rsub"):
            candidates += [tensor for tensor in call.tensors if id(tensor) not in made]
    candidates += _labels_beside(one)
    for labels in candidates:
        if isinstance(labels, Tensor) and labels.numel() == len(x) and id(labels) not in made:
            return _table([(x, labels)])
    unknown = _table([(x, torch.arange(len(x)) % 2)])
    return None if unknown is None else replace(unknown, labelled=False)


def _labels_beside(one: Evaluation) -> list[Tensor]:
    """What leaves PyTorch beside the output, or is a variable of the learner's, and has two values, one for each row.

    Nothing if there are several that differ.
    """
    made = {id(tensor) for call in one.calls for tensor in call.results}
    exits = [tensor for call in one.beside if call.name in ("numpy", "array", "tolist") for tensor in call.tensors]
    variables = [torch.as_tensor(value) for value in one.forward.variables.values() if value.dtype != object]
    x = inputs_of(one)
    rows = 0 if x is None else len(x)
    for group in (exits, variables):
        found = [value for value in group if id(value) not in made and value.numel() == rows and _two_valued(value)]
        if found and all(torch.equal(value.reshape(-1).double(), found[0].reshape(-1).double()) for value in found):
            return found
    return []


def _two_valued(tensor: Tensor) -> bool:
    return tensor.unique().numel() == 2


def _table(pairs: list[tuple[Tensor, Tensor]], source: Tensor | None = None) -> Table | None:
    pairs = [(x, y) for x, y in pairs if x.ndim >= 2 and x.dtype.is_floating_point]
    if not pairs or len({x.shape[1:] for x, _ in pairs}) > 1:
        return None
    if any(y.numel() not in (len(x), 2 * len(x)) for x, y in pairs):
        return None
    labels = binary(torch.cat([y.detach().reshape(len(x), -1).double() for x, y in pairs]).squeeze(1))
    if labels is None:
        return None
    features = torch.cat([x.detach().double().flatten(1) for x, _ in pairs]).numpy()
    return Table(features, labels, tuple(len(x) for x, _ in pairs), tuple(pairs[0][0].shape[1:]), source=source)


_SAME_ROWS = {"to", "float", "double", "long", "contiguous", "view", "reshape", "unsqueeze", "squeeze", "clone", "type"}
PICKS = {"getitem", "index_select", "stack"}


def makers_of(calls: list[Call]) -> dict[int, Call]:
    """Return the calls that pick rows or leave them what they are, by the id of their results."""
    kept = _SAME_ROWS | PICKS
    return {id(result): call for call in calls if call.name in kept for result in call.results}


def origin(tensor: Tensor | None, makers: dict[int, Call]) -> Tensor | None:
    """Return the tensor that these rows were picked from, or the tensor itself if they were not picked."""
    while tensor is not None and id(tensor) in makers:
        call = makers[id(tensor)]
        if call.name in PICKS:
            picked = call.tensors[0]
            if call.name == "stack" and id(picked) in makers:
                picked = makers[id(picked)].tensors[0]  # rows picked one by one, as a DataLoader does
            return picked if picked.ndim and len(picked) >= len(tensor) else tensor
        tensor = call.tensors[0]
    return tensor


_CHANGES = {"rand", "randn", "rand_like", "randn_like", "normal", "uniform", "bernoulli", "dropout", "randint", "roll",
            "flip", "rot90", "affine_grid", "grid_sample"}  # fmt: skip


def before_augmentation(rows: Tensor, maker: dict[int, Call]) -> Tensor | None:
    """Return the rows as they were before random changes to them, or None if there were none.

    maker: the calls by the id of their results.
    """
    call = maker.get(id(rows))
    if call is not None and call.name == "stack" and call.tensors[0].shape == rows.shape[1:]:
        parts = [before_augmentation(row, maker) for row in call.tensors]
        if all(part is None for part in parts):
            return None
        return torch.stack([row if part is None else part for row, part in zip(call.tensors, parts, strict=True)])
    changed, seen, found = False, set(), None
    waiting = [rows]
    while waiting:
        tensor = waiting.pop()
        call = maker.get(id(tensor))
        if call is None or id(tensor) in seen:
            continue
        seen.add(id(tensor))
        changed |= call.name in _CHANGES
        if call.name in PICKS and tensor is not rows and tensor.numel() == rows.numel() and tensor.is_floating_point():
            changed |= found is not None  # rows mixed with others
            found = tensor.reshape(rows.shape)
        else:
            waiting += call.tensors
    return found if changed else None


def drawn_from(steps: list[Training], makers: dict[int, Call]) -> Table | None:
    """The tensors that the batches of the steps were drawn from, in their own order; None if there are none."""
    if len({id(step.features) for step in steps}) < 2:
        return None
    features, labels = ([origin(getattr(step, name), makers) for step in steps] for name in ("features", "targets"))
    x, y = features[0], labels[0]
    if x is None or y is None or any(one is not x for one in features) or any(one is not y for one in labels):
        return None
    if steps[0].features is None or x.shape[1:] != steps[0].features.shape[1:] or len(x) != len(y):
        return None
    return _table([(x, y)], source=x)


# ---------------------------------------------------------------- checks


def check_values(steps: list[Training]) -> Iterator[Finding]:
    """Whether all features are numbers, and both labels occur."""
    for step in steps:
        x = step.features
        if x is not None and x.dtype.is_floating_point and not bool(x.isfinite().all()):
            columns = (~x.isfinite()).reshape(len(x), -1).any(dim=0).nonzero().flatten().tolist()
            where = step.calls[0].where if step.calls else step.backward.where
            yield Finding(
                "nan_features",
                "root",
                0.99,
                f"{int((~x.isfinite()).sum())} values of the first bad batch are NaN "
                f"or infinite, in column {', '.join(map(str, columns[:5]))}",
                where,
                "impute or drop them before training",
            )
            break


def check_evaluated_values(evaluated: list[Evaluation], where: str) -> Iterator[Finding]:
    """Whether all features of the rows for evaluation are numbers."""
    for one in evaluated:
        x = inputs_of(one)
        if x is not None and x.dtype.is_floating_point and not bool(x.isfinite().all()):
            columns = (~x.isfinite()).reshape(len(x), -1).any(dim=0).nonzero().flatten().tolist()
            yield Finding(
                "nan_features",
                "root",
                0.97,
                f"{int((~x.isfinite()).reshape(len(x), -1).any(dim=1).sum())} of {len(x)} rows for evaluation hold NaN "
                f"or infinite values, in column {', '.join(map(str, columns[:5]))}",
                where,
                "impute them as in the training rows, by what was fitted there",
            )
            return


def check_classes(steps: list[Training], whole: Table | None, where: str) -> Iterator[Finding]:
    """Whether both labels occur: in the batches or, if they are known, in the tensors that these were drawn from."""
    seen = [step.targets for step in steps if step.targets is not None]
    rows = sum(labels.numel() for labels in seen)
    kinds = {value for labels in seen for value in labels.double().unique().tolist()}
    both = whole is not None and 0 < whole.prevalence < 1
    if rows >= 30 and len(kinds) == 1 and seen[0].numel() == steps[0].rows and not both:
        yield Finding(
            "labels_single_class",
            "root",
            0.97,
            f"all {rows} labels seen in training are {kinds.pop():g}",
            where,
            "check how the labels are read and selected",
        )


def check_order(batches: Table, whole: Table | None, where: str) -> Iterator[Finding]:
    """Whether the batches hold both classes.

    whole: the tensors that the batches were drawn from, if they are known.
    """
    everything = whole or batches
    if len(batches.batches) < 4 or not everything.both_classes or min(batches.batches[:-1]) < 3:
        return
    share = everything.prevalence
    parts = np.split(batches.labels, np.cumsum(batches.batches)[:-1])
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


def check_preparation(train: Table, held_out: Table, known: "Reference | None", where: str) -> Iterator[Finding]:
    """Whether the rows for evaluation lie where those for training lie.

    known: what a reference model finds in the training rows.
    """
    if train.features.shape[1] != held_out.features.shape[1] or len(held_out.features) < 20:
        return
    train = alike(train, held_out)
    spread = train.features.std(axis=0)
    varies = spread > 0
    if not varies.any():
        return
    shift = np.abs(held_out.features.mean(axis=0) - train.features.mean(axis=0))[varies] / spread[varies]
    ratio = held_out.features.std(axis=0)[varies] / spread[varies]
    far = (shift > 1) | (ratio > 4) | (ratio < 0.25)
    told_apart = 0.5 if far.mean() > 0.5 else tell_apart(train, held_out)
    repaired = ""
    if 0.65 < told_apart <= 0.95 and known is not None and held_out.labelled:
        repaired = _repaired(train, held_out, known)
    if far.mean() > 0.5 or told_apart > 0.95 or repaired:
        seen = (
            f"in {far.sum()} of {len(far)} columns the rows for evaluation lie elsewhere: their mean differs by "
            f"{np.median(shift):.2g} and their spread by a factor of {np.median(ratio):.2g} "
            "(medians, in units of the training rows' spread)"
            if far.mean() > 0.5
            else "boosted trees tell rows for evaluation from training rows by the features alone: "
            f"ROC AUC {told_apart:.2f}, where rows prepared alike give 0.5{repaired}"
        )
        yield Finding(
            "preprocess_mismatch",
            "root",
            0.95,
            seen,
            where,
            "transform both with the scaler fitted on the training rows, columns in the same order",
        )


def _repaired(train: Table, held_out: Table, known: "Reference") -> str:
    """Say how much better a reference model does on the rows for evaluation once each of their columns has the mean and
    spread of the training rows; nothing if it is not clearly better."""
    spread = held_out.features.std(axis=0)
    scale = train.features.std(axis=0) / np.where(spread > 0, spread, 1)
    moved = (held_out.features - held_out.features.mean(axis=0)) * scale + train.features.mean(axis=0)
    before, after = (log_losses(known.log_odds(rows), held_out.labels) for rows in (held_out.features, moved))
    gain = before - after
    if gain.mean() < 0.05 or gain.mean() < 3.3 * gain.std() / np.sqrt(len(gain)):
        return ""
    return (
        f"; with the mean and spread of the training rows in each column, a reference model's log loss there falls "
        f"from {before.mean():.2f} to {after.mean():.2f}"
    )


def alike(train: Table, held_out: Table) -> Table:
    """Return the training rows, so many of each class left out that the classes have the shares that they have in the
    rows held out: other shares alone make other features."""
    if not held_out.labelled or not (held_out.both_classes and train.both_classes):
        return train
    shares = np.array([1 - held_out.prevalence, held_out.prevalence])
    counts = np.array([len(train.labels) - train.labels.sum(), train.labels.sum()])
    total = (counts / shares).min()
    kept = np.concatenate([np.flatnonzero(train.labels == label)[: round(total * shares[label])] for label in (0, 1)])
    return replace(train, features=train.features[kept], labels=train.labels[kept])


def tell_apart(train: Table, held_out: Table) -> float:
    """Return how well boosted trees tell rows held out from training rows: the ROC AUC by cross-validation."""
    train, rng = alike(train, held_out), np.random.default_rng(0)
    size = min(len(train.labels), len(held_out.labels), LARGEST // 2)
    if size < 40:
        return 0.5
    parts = [rng.permutation(part.features)[:size] for part in (train, held_out)]
    side = np.repeat([0, 1], size)
    model = _trees(0)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    found = cross_val_predict(model, np.concatenate(parts), side, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(side, found))


def check_pairs(batches: Table, whole: Table, where: str) -> Iterator[Finding]:
    """Whether the batches pair rows and labels as the tensors do that both were drawn from."""
    known = {(row.tobytes(), label) for row, label in zip(whole.features, whole.labels, strict=True)}
    pairs = zip(batches.features, batches.labels, strict=True)
    wrong = np.mean([(row.tobytes(), label) not in known for row, label in pairs])
    if wrong > 0.1:
        yield Finding(
            "labels_misaligned",
            "root",
            0.97,
            f"{wrong:.0%} of the rows in the batches have another label than the same row in the tensors that rows and "
            "labels were drawn from: the two are drawn in different orders",
            where,
            "draw rows and labels by the same indices, from one DataLoader",
        )


def together(parts: list[Table]) -> Table:
    """Return the rows of several tables, each once."""
    features, labels = (np.concatenate([getattr(part, name) for part in parts]) for name in ("features", "labels"))
    return Table(features, labels, (), parts[0].shape, all(part.labelled for part in parts)).distinct()


def shared(held_out: Table, train: Table) -> float:
    """Return the share of the rows held out that are also training rows."""
    known = {row.tobytes() for row in train.features}
    return float(np.mean([row.tobytes() in known for row in held_out.features]))


def check_leakage(train: Table, held_out: Table, complete: bool, twins: float, where: str) -> Iterator[Finding]:
    """Whether rows stand on both sides of the split: the same, nearly the same, or mixed from one another.

    complete: whether the table holds all training rows. If not, an evaluation of them looks like a leak. twins: the
    share of training rows that equal another one, as rows of some tables naturally do.
    """
    continuous = np.array([len(np.unique(column)) > 20 for column in train.features.T])
    if continuous.sum() < 3 or not complete or len(held_out.labels) < 20:
        return
    both, near, mixed = shared(held_out, train), *_near_and_mixed(train, held_out, continuous)
    for share, least, what in (
        (both, max(0.02, min(0.1, 1.5 * twins)), "are also training rows"),
        (near, 0.1, "lie so close to a training row that they must be copies of it"),
        (mixed, 0.1, "lie exactly on the line between two training rows, or a training row on that between them and "
                     "another: synthetic rows, made before the split"),
    ):  # fmt: skip
        if share > least:
            yield Finding(
                "data_leakage",
                "root",
                0.96,
                f"{share:.0%} of the rows for evaluation {what}",
                where,
                "split first; resample, augment and drop copies afterwards, in the training rows alone",
            )
            return


def _near_and_mixed(train: Table, held_out: Table, continuous: np.ndarray) -> tuple[float, float]:
    """Return the shares of held-out rows that nearly copy a training row, and that lie on a line with two of them."""
    spread = train.features[:, continuous].std(axis=0)
    rows, others = (part.features[:, continuous] / spread for part in (held_out, train))
    rows = np.random.default_rng(0).permutation(rows)[:300]
    neighbours = min(12, len(others) - 1)
    search = NearestNeighbors(n_neighbors=neighbours).fit(others)
    distance, index = search.kneighbors(rows)
    usual = search.kneighbors(others[:300], n_neighbors=neighbours + 1)[0][:, 1:]
    close, among_themselves = (np.mean((d[:, 0] > 0) & (d[:, 0] < 0.35 * d[:, 1])) for d in (distance, usual))
    near = float(close) if close > 3 * among_themselves else 0.0
    steps = others[index] - rows[:, None]
    directions = steps / np.maximum(np.linalg.norm(steps, axis=2, keepdims=True), 1e-30)
    cosines = np.abs(directions @ directions.transpose(0, 2, 1))
    several = (np.abs(steps) > 1e-9).sum(axis=2) >= 3  # rows that differ in one column lie on a line with others, too
    cosines = np.where(several[:, :, None] & several[:, None], cosines, 0)
    pairs = np.triu_indices(neighbours, 1)
    apart = np.linalg.norm(others[index][:, pairs[0]] - others[index][:, pairs[1]], axis=2) > 1e-6
    on_a_line = ((cosines[:, *pairs] > 1 - 1e-6) & apart & (distance[:, :1] > 0)).any(axis=1)
    return near, float(on_a_line.mean()) if rows.shape[1] >= 3 else 0.0


def check_answer(train: Table, where: str) -> Iterator[Finding]:
    """Whether one column gives the answer away: alone it tells the classes apart, with a gap between them, and without
    it the others do not."""
    if len(train.labels) < 100 or train.features.shape[1] < 2:
        return
    for number, column in enumerate(train.features.T):
        value = float(roc_auc_score(train.labels, column))
        value, flag = max(value, 1 - value), len(np.unique(column)) <= 3
        if value < (0.9 if flag else 0.99):
            continue
        without = reference(replace(train, features=np.delete(train.features, number, axis=1)))
        if without is None or without.auc > 0.97 or without.auc > value - 0.05:
            return
        low, high = sorted((column[train.labels == label] for label in (0, 1)), key=np.mean)
        gap = (high.min() - low.max()) / max(low.std() + high.std(), 1e-12)
        severity: Severity = "root" if gap > 0.5 else "costs" if flag else "note"
        yield Finding(
            "data_leakage",
            severity,
            0.85 if severity == "root" else 0.6,
            f"column {number} alone {'all but ' if value < 0.999 else ''}separates the classes (ROC AUC {value:.3f}); "
            f"the others reach {without.auc:.2f}",
            where,
            "ask whether the column is known at the time of the prediction; if not, drop it",
        )
        return


@dataclass(frozen=True)
class Reference:
    """What a logistic regression and boosted trees find in a table without the learner's code.

    rows: numbers of the table's rows that they saw, at most `LARGEST`. odds: the log odds of label 1 for these rows,
    each predicted by the better of the two fitted without it. auc: the ROC AUC of the better one, by cross-validation;
    chance: what scores that say nothing stay below in 999 of 1,000 tables.
    """

    rows: np.ndarray
    labels: np.ndarray
    odds: np.ndarray
    auc: float
    chance: float
    fitted: Any

    @property
    def found(self) -> bool:
        """Whether there is more than chance."""
        return self.auc > self.chance

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        """Return the log odds of label 1 for other rows, shape [rows]."""
        return _logit(self.fitted.predict_proba(features)[:, 1])


def _trees(seed: int) -> HistGradientBoostingClassifier:
    """Small and quick: on the course's tables they rank as well as scikit-learn's defaults, in a third of the time."""
    return HistGradientBoostingClassifier(
        max_iter=30, learning_rate=0.2, max_leaf_nodes=8, max_bins=32, random_state=seed
    )


def check_augmentation(fed: Table, before: Reference, where: str) -> Iterator[Finding]:
    """Whether random changes of the rows take away what tells the classes apart."""
    left = reference(fed)
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


def _logit(probabilities: np.ndarray) -> np.ndarray:
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))


def log_losses(odds: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the log loss of each row in nats."""
    return np.logaddexp(0, np.where(labels == 1, -odds, odds))


def deviation(labels: np.ndarray) -> float:
    """Return the standard deviation of the ROC AUC of scores that say nothing (Mann & Whitney, 1947)."""
    positives, negatives = labels.sum(), len(labels) - labels.sum()
    return float(np.sqrt((len(labels) + 1) / (12 * positives * negatives)))


def reference(table: Table, seed: int = 0) -> Reference | None:
    """Return what a logistic regression and boosted trees find in the table, or None if it is too small."""
    kept = np.random.default_rng(seed).permutation(len(table.labels))[:LARGEST]
    features, labels = table.features[kept], table.labels[kept]
    if len(labels) < 60 or min(labels.sum(), len(labels) - labels.sum()) < 5:
        return None
    folds = StratifiedKFold(4, shuffle=True, random_state=seed)
    models = (
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
        _trees(seed),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [
            _logit(cross_val_predict(model, features, labels, cv=folds, method="predict_proba")[:, 1])
            for model in models
        ]
        best = int(np.argmin([log_losses(odds, labels).mean() for odds in found]))
        fitted = models[best].fit(features, labels)
    auc = max(float(roc_auc_score(labels, odds)) for odds in found)
    return Reference(kept, labels, found[best], auc, 0.5 + 3.3 * deviation(labels), fitted)  # two looks at 0.1 %


def has_structure(table: Table) -> bool:
    """Whether the columns hang together more than independent noise would."""
    spread = table.features.std(axis=0)
    columns = table.features[:, spread > 0]
    if columns.shape[1] < 2 or len(columns) < 60:
        return False
    correlation = np.abs(np.corrcoef(columns.T)[np.triu_indices(columns.shape[1], 1)])
    return bool((correlation > 5 / np.sqrt(len(columns))).mean() > 0.1)
