"""The data that the block trained and evaluated on, put together from the batches, and what they say by themselves."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from helpers.doctor.anatomy import LOSSES, Evaluation, Training
from helpers.doctor.findings import Finding

LARGEST = 3000  # rows that models are fitted to


@dataclass(frozen=True)
class Table:
    """Rows as they entered the model, flattened to shape [rows, columns], their labels, 0 or 1, the size of each batch,
    the shape that a row had, and whether the labels are known (else they stand for nothing)."""

    features: np.ndarray
    labels: np.ndarray
    batches: tuple[int, ...]
    shape: tuple[int, ...]
    labelled: bool = True

    @property
    def prevalence(self) -> float:
        """The share of rows labelled 1."""
        return float(self.labels.mean())

    @property
    def both_classes(self) -> bool:
        """Whether there are at least five rows of each class."""
        return 5 <= self.labels.sum() <= len(self.labels) - 5

    def distinct(self) -> "Table":
        """The rows, each once, in the order in which they first came."""
        _, first = np.unique(np.column_stack([self.features, self.labels]), axis=0, return_index=True)
        kept = np.sort(first)
        return Table(self.features[kept], self.labels[kept], (len(kept),), self.shape, self.labelled)


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


def training_table(steps: list[Training]) -> Table | None:
    """The batches of the training steps on the tape, one below the other; None if they are no tables of numbers."""
    pairs = [(step.features, step.targets) for step in steps]
    return _table([(x, y) for x, y in pairs if x is not None and y is not None])


def evaluation_table(one: Evaluation) -> Table | None:
    """The rows of an evaluation and the labels that its output was compared with; None if they are not to be seen."""
    x = next((value for value in one.forward.inputs if isinstance(value, Tensor)), None)
    if x is None:
        return None
    made = {id(tensor) for call in one.calls for tensor in call.results}
    for call in one.calls:
        candidates = [call.argument(1, "target")] if call.name in LOSSES else []
        if call.name in ("eq", "ne", "sub", "rsub"):
            candidates = [tensor for tensor in call.tensors if id(tensor) not in made]
        for labels in candidates:
            if isinstance(labels, Tensor) and labels.numel() == len(x) and id(labels) not in made:
                return _table([(x, labels)])
    unknown = _table([(x, torch.arange(len(x)) % 2)])
    return None if unknown is None else replace(unknown, labelled=False)


def _table(pairs: list[tuple[Tensor, Tensor]]) -> Table | None:
    pairs = [(x, y) for x, y in pairs if x.ndim >= 2 and x.dtype.is_floating_point]
    if not pairs or len({x.shape[1:] for x, _ in pairs}) > 1:
        return None
    labels = binary(torch.cat([y.detach().reshape(len(x), -1).double() for x, y in pairs]).squeeze(1))
    if labels is None:
        return None
    features = torch.cat([x.detach().double().flatten(1) for x, _ in pairs]).numpy()
    return Table(features, labels, tuple(len(x) for x, _ in pairs), tuple(pairs[0][0].shape[1:]))


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
    seen = [step.targets for step in steps if step.targets is not None]
    rows = sum(labels.numel() for labels in seen)
    kinds = {value for labels in seen for value in labels.double().unique().tolist()}
    if rows >= 30 and len(kinds) == 1 and seen[0].numel() == steps[0].rows:
        yield Finding(
            "labels_single_class",
            "root",
            0.97,
            f"all {rows} labels seen in training are {kinds.pop():g}",
            steps[0].backward.where,
            "check how the labels are read and selected",
        )


def check_order(table: Table) -> Iterator[Finding]:
    """Whether the batches hold both classes."""
    if len(table.batches) < 4 or not table.both_classes or min(table.batches[:-1]) < 8:
        return
    parts = np.split(table.labels, np.cumsum(table.batches)[:-1])
    pure = np.mean([part.min() == part.max() for part in parts])
    likely = np.mean([table.prevalence ** len(p) + (1 - table.prevalence) ** len(p) for p in parts])
    if pure > 0.7 and likely < 0.2:
        yield Finding(
            "unshuffled_data",
            "root",
            0.95,
            f"{pure:.0%} of {len(parts)} batches hold one class only; by chance it would be {likely:.0%}",
            "unknown",
            "DataLoader(…, shuffle=True), or a new permutation in each epoch",
        )


def check_preparation(train: Table, evaluation: Table) -> Iterator[Finding]:
    """Whether the rows for evaluation lie where those for training lie."""
    if train.features.shape[1] != evaluation.features.shape[1] or len(evaluation.features) < 20:
        return
    with np.errstate(all="ignore"):
        spread = train.features.std(axis=0)
        varies = spread > 0
        if not varies.any():
            return
        shift = np.abs(evaluation.features.mean(axis=0) - train.features.mean(axis=0))[varies] / spread[varies]
        ratio = evaluation.features.std(axis=0)[varies] / spread[varies]
    far = (shift > 1) | (ratio > 4) | (ratio < 0.25)
    if far.mean() > 0.5:
        yield Finding(
            "preprocess_mismatch",
            "root",
            0.95,
            f"in {far.sum()} of {len(far)} columns the rows for evaluation "
            f"lie elsewhere: their mean differs by {np.median(shift):.2g} and their spread by a factor of "
            f"{np.median(ratio):.2g} (medians, in units of the training rows' spread)",
            "unknown",
            "transform both with the scaler fitted on the training rows",
        )


def together(parts: list[Table]) -> Table:
    """Return the rows of several tables, each once."""
    features, labels = (np.concatenate([getattr(part, name) for part in parts]) for name in ("features", "labels"))
    return Table(features, labels, (), parts[0].shape, all(part.labelled for part in parts)).distinct()


def shared(evaluation: Table, train: Table) -> float:
    """Return the share of the evaluation's rows that are also training rows."""
    known = {row.tobytes() for row in train.features}
    return float(np.mean([row.tobytes() in known for row in evaluation.features]))


def check_leakage(train: Table, evaluation: Table | None) -> Iterator[Finding]:
    """Whether a column gives the label away, or rows stand on both sides of the split."""
    once = train.distinct()
    continuous = [len(np.unique(column)) > 20 for column in once.features.T]
    if evaluation is not None and sum(continuous) >= 3 and evaluation.features.shape[1] == once.features.shape[1]:
        # before a second pass over the rows has begun, an evaluation of the whole training set looks like a leak
        passed = len(once.features) < 0.95 * len(train.features)
        both = shared(evaluation, once)
        if passed and both > 0.02 and len(evaluation.features) >= 20:
            yield Finding(
                "data_leakage",
                "root",
                0.9,
                f"{both:.0%} of the rows for evaluation are also training rows",
                "unknown",
                "split before resampling, drop copies before splitting",
            )
    if once.both_classes and len(once.labels) >= 100:
        for number, column in enumerate(once.features.T):
            auc = roc_auc_score(once.labels, column) if np.isfinite(column).all() else 0.5
            if max(auc, 1 - auc) > 0.999 and once.features.shape[1] > 1:
                yield Finding(
                    "data_leakage",
                    "note",
                    0.5,
                    f"column {number} alone separates the classes (ROC AUC {max(auc, 1 - auc):.3f})",
                    "unknown",
                    "ask whether the column is known at the time of the prediction; if not, drop it",
                )
                return


@dataclass(frozen=True)
class Signal:
    """How well two reference models rank held-out rows (ROC AUC by cross-validation), and what chance reaches."""

    best: float
    chance: float
    rows: int

    @property
    def found(self) -> bool:
        """Whether there is more than chance."""
        return self.best > self.chance


def deviation(labels: np.ndarray) -> float:
    """Return the standard deviation of the ROC AUC of scores that say nothing (Mann & Whitney, 1947)."""
    positives, negatives = labels.sum(), len(labels) - labels.sum()
    return float(np.sqrt((len(labels) + 1) / (12 * positives * negatives)))


def signal_in(table: Table, seed: int = 0) -> Signal | None:
    """Return what a logistic regression and boosted trees find in the table, or None if it is too small."""
    once = table.distinct()
    if len(once.labels) < 60 or not once.both_classes or not np.isfinite(once.features).all():
        return None
    rng = np.random.default_rng(seed)
    kept = rng.permutation(len(once.labels))[:LARGEST]
    features, labels = once.features[kept], once.labels[kept]
    if min(labels.sum(), len(labels) - labels.sum()) < 5:
        return None
    folds = StratifiedKFold(4, shuffle=True, random_state=seed)
    models = (
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
        HistGradientBoostingClassifier(max_iter=40, random_state=seed),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = [
            roc_auc_score(labels, cross_val_predict(model, features, labels, cv=folds, method="predict_proba")[:, 1])
            for model in models
        ]
    chance = 0.5 + 3.3 * deviation(labels)  # two looks at 0.1 %
    return Signal(float(max(scores)), chance, len(labels))


def has_structure(table: Table) -> bool:
    """Whether the columns hang together more than independent noise would."""
    once = table.distinct()
    spread = once.features.std(axis=0)
    columns = once.features[:, spread > 0]
    if columns.shape[1] < 2 or len(columns) < 60:
        return False
    correlation = np.abs(np.corrcoef(columns.T)[np.triu_indices(columns.shape[1], 1)])
    skewed = np.abs(((columns - columns.mean(axis=0)) / columns.std(axis=0)) ** 3).mean(axis=0) > 3
    return bool((correlation > 5 / np.sqrt(len(columns))).mean() > 0.1 or skewed.mean() > 0.5)
