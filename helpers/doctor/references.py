"""What models that are not the learner's find in the data."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import torch
from scipy.special import expit
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn.functional import avg_pool1d, avg_pool2d, conv2d

from helpers.doctor.budget import check_time
from helpers.doctor.tables import Table

LARGEST = 3000  # rows that models are fitted to
WIDEST = 400  # columns that models are fitted to; of the pixels of a large image neighbours are alike
MANY = 5  # columns
HANGING = 7.0  # mean squared correlation times rows; at most 6 in the gallery's tables of independent columns
STRETCHES = 20  # of a series of windows
PIECES = 10  # of a table, held out one after the other
KERNELS = 40  # for each dilation
SIDE, LONGEST = 24, 128  # places along a side of an image and the time of a sequence; larger ones are averaged


@dataclass(frozen=True)
class Reference:
    """What logistic regressions and boosted trees find in a table without the learner's code.

    rows: numbers of the table's rows that they saw, at most `LARGEST`. odds: the log odds of label 1 for these rows,
    each predicted by the best of them fitted without it, calibrated. auc: its ROC AUC, by cross-validation; chance:
    what scores that say nothing stay below in 999 of 1,000 tables. calibrated: slope and shift of the log odds.
    """

    rows: np.ndarray
    labels: np.ndarray
    odds: np.ndarray
    auc: float
    chance: float
    fitted: Any
    calibrated: tuple[float, float]

    @property
    def found(self) -> bool:
        """Whether there is more than chance."""
        return self.auc > self.chance

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        """Return the log odds of label 1 for other rows, shape [rows]."""
        slope, shift = self.calibrated
        return slope * logit(self.fitted.predict_proba(features)[:, 1]) + shift


def _trees() -> HistGradientBoostingClassifier:
    """Small and quick: on the course's tables they rank as well as scikit-learn's defaults, in a third of the time."""
    return HistGradientBoostingClassifier(max_iter=30, learning_rate=0.2, max_leaf_nodes=8, max_bins=32, random_state=0)


def logit(probabilities: np.ndarray | float) -> np.ndarray:
    """Return log odds, of the same shape; probabilities nearer than a millionth to 0 or 1 are taken for that."""
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))


def log_losses(odds: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the log loss of each row in nats."""
    return np.logaddexp(0, np.where(labels == 1, -odds, odds))


def deviation(labels: np.ndarray) -> float:
    """Return the standard deviation of the ROC AUC of scores that say nothing (Mann & Whitney, 1947)."""
    positives, negatives = labels.sum(), len(labels) - labels.sum()
    return float(np.sqrt((len(labels) + 1) / (12 * positives * negatives)))


@threadpool_limits.wrap(limits=1)  # models this small gain nothing from more, and lose much beside other programs
def reference(table: Table, groups: np.ndarray | None = None) -> Reference | None:
    """Return what logistic regressions and boosted trees find in the table, or None if it is too small.

    groups: a number for each row; rows with the same number are predicted together. Windows of a series overlap: of
    them, whole stretches are. So are rows that are followed by others like them. Raises OutOfTime if no time is left.
    """
    check_time()
    if groups is None and table.windows:
        groups = np.arange(len(table.labels)) * STRETCHES // len(table.labels)
    elif groups is None and (length := _stretch_of_one(table.features)) > 1:
        stretches = np.arange(len(table.labels)) // length
        groups = stretches if _fewest(stretches, table.labels) >= 8 else None
    kept = np.random.default_rng(0).permutation(len(table.labels))[:LARGEST]
    features, labels = table.features[kept], table.labels[kept]
    if len(labels) < 60 or min(labels.sum(), len(labels) - labels.sum()) < 5:
        return None
    groups = None if groups is None else groups[kept]
    folds = _folds(4, groups)
    views = [*_views(table), (THIN,)]
    classifiers = [LogisticRegression(max_iter=300)] * (len(views) - 1) + [_trees()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = []
        for (first, *rest), classifier in zip(views, classifiers, strict=True):
            rows, model = first.fit_transform(features), make_pipeline(*rest, classifier)  # the first sees no labels
            chances = cross_val_predict(model, rows, labels, groups=groups, cv=folds, method="predict_proba")
            found.append(logit(chances[:, 1]))
        calibrated = [_calibrated(odds, labels) for odds in found]
        odds = [slope * odds + shift for odds, (slope, shift) in zip(found, calibrated, strict=True)]
        best = int(np.argmin([log_losses(each, labels).mean() for each in odds]))
        fitted = make_pipeline(*views[best], classifiers[best]).fit(features, labels)
    auc, chance = float(roc_auc_score(labels, found[best])), 0.5 + 3.3 * deviation(labels)  # a few looks at 0.1 %
    return Reference(kept, labels, odds[best], auc, chance, fitted, calibrated[best])


def _folds(number: int, groups: np.ndarray | None) -> StratifiedKFold | StratifiedGroupKFold:
    """Return how to split rows into so many parts, those of one group into one of them."""
    return (StratifiedKFold if groups is None else StratifiedGroupKFold)(number, shuffle=True, random_state=0)


def _fewest(groups: np.ndarray, sides: np.ndarray) -> int:
    """Return how many groups the side with fewer of them has, of rows on the sides 0 and 1."""
    return min(len(np.unique(groups[sides == side])) for side in (0, 1))


def of_few(table: Table) -> Any:
    """Return a logistic regression fitted to the table, for one that is too small to find out how good it is; None for
    fewer than 20 rows or a class with fewer than 5."""
    if len(table.labels) < 20 or not table.both_classes:
        return None
    return make_pipeline(*_views(table)[0], LogisticRegression(C=0.1, max_iter=300)).fit(table.features, table.labels)


def _calibrated(odds: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return by what to multiply log odds, at least by 0, and what to add, so that they fit the labels (Platt 1999)."""
    model = LogisticRegression(C=1e6).fit(odds[:, None], labels)
    if model.coef_[0, 0] < 0:
        return 0.0, float(logit(labels.mean()))
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _views(table: Table) -> list[tuple[TransformerMixin, ...]]:
    """Return what to make of the rows before a logistic regression: nothing; of codes, one column for each value; of
    long rows of codes, how often each occurs; of images and sequences, what random kernels find anywhere in them."""
    if table.codes and (table.features.shape[1] > 20 or table.layout.ragged):
        return [(FunctionTransformer(_counts), StandardScaler())]
    if table.codes:
        return [(OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=50, sparse_output=False),)]
    shape = table.shape
    if len(shape) > 1 and max(shape) >= 6:
        return [(THIN, StandardScaler()), (RandomKernels(shape), StandardScaler())]
    return [(THIN, StandardScaler())]


def thinned(rows: np.ndarray) -> np.ndarray:
    """Return the rows with so many columns left out, at equal distances, that at most `WIDEST` are left."""
    return rows[:, spaced(rows.shape[1])]


def spaced(columns: int, most: int = WIDEST) -> slice:
    """Return the numbers of at most `most` of so many columns, at equal distances."""
    return slice(None, None, max(1, ceil(columns / most)))


THIN = FunctionTransformer(thinned)


def _counts(rows: np.ndarray) -> np.ndarray:
    """Return how often each of the 500 smallest codes occurs in a row, shape [rows, codes]."""
    return np.stack([(rows == code).sum(axis=1) for code in range(500)], axis=1).astype(float)


class RandomKernels(TransformerMixin, BaseEstimator):
    """The share of places at which a random kernel gives more than a random threshold, and the most that it gives.

    As in Dempster et al., "ROCKET", 2020: patterns count wherever they stand in an image or a sequence.

    shape: of a row before it was flattened, [channels, height, width], [height, width] or [steps, channels]; the longer
    of two is the time unless both are alike.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def fit(self, rows: np.ndarray, labels: np.ndarray | None = None) -> "RandomKernels":
        """Draw the kernels, and the thresholds from what they give on these rows."""
        generator = torch.Generator().manual_seed(0)
        self.kernels_ = []
        images = self._images(rows[:200])
        reach = min(images.shape[-2:]) if images.shape[-2] > 1 else images.shape[-1]
        for dilation in (1, 2, 4):
            if 2 * dilation < reach:
                size = (min(3, images.shape[-2]), 3)
                weight = torch.randn(KERNELS, images.shape[1], *size, generator=generator, dtype=torch.float64)
                weight -= weight.mean(dim=(2, 3), keepdim=True)
                found = self._given(images, weight, dilation)
                at = torch.rand(len(weight), generator=generator, dtype=torch.float64)
                thresholds = torch.stack([torch.quantile(v, q) for v, q in zip(found.unbind(1), at, strict=True)])
                self.kernels_.append((weight, dilation, thresholds))
        return self

    def transform(self, rows: np.ndarray) -> np.ndarray:
        """Return shape [rows, 2 × kernels]."""
        images = self._images(rows)
        columns = []
        for weight, dilation, thresholds in self.kernels_:
            found = self._given(images, weight, dilation)
            columns += [(found > thresholds[:, None]).double().mean(dim=2), found.amax(dim=2)]
        return torch.cat(columns, dim=1).numpy()

    def _images(self, rows: np.ndarray) -> Tensor:
        """Return rows as shape [rows, channels, height, width]; a sequence has height 1."""
        values = torch.from_numpy(rows).reshape(-1, *self.shape)
        if len(self.shape) == 2 and self.shape[0] != self.shape[1]:
            series = values if self.shape[1] > self.shape[0] else values.mT
            return avg_pool1d(series, ceil(series.shape[-1] / LONGEST))[:, :, None]
        images = values[:, None] if len(self.shape) == 2 else values
        return avg_pool2d(images, ceil(max(images.shape[-2:]) / SIDE))

    def _given(self, images: Tensor, weight: Tensor, dilation: int) -> Tensor:
        high = images.shape[-2] > 1
        return conv2d(images, weight, dilation=(dilation if high else 1, dilation)).flatten(2)


def has_structure(table: Table) -> bool:
    """Whether there are many columns, and they hang together more than independent noise would: few columns may well
    say nothing about a label, though they are those of a real table, the numbers of codes stand for nothing, and
    past values of any series hang together."""
    spread = table.features.std(axis=0)
    columns = table.features[:, spread > 0]
    if table.codes or table.windows or table.lagged or columns.shape[1] < MANY or len(columns) < 60:
        return False
    pairs = np.triu_indices(columns.shape[1], 1)
    correlation = np.corrcoef(columns.T)[pairs][~_of_one_category(columns)[pairs]]
    return correlation.size > 0 and bool((correlation**2).mean() * len(columns) > HANGING)  # about 1 if independent


def _of_one_category(columns: np.ndarray) -> np.ndarray:
    """Return for each pair of columns whether they are flags of which at most one is set, shape [columns, columns]."""
    flags = np.array([len(np.unique(column)) == 2 for column in columns.T])
    is_set = (columns == columns.max(axis=0)).astype(float)
    return flags[:, None] & flags & (is_set.T @ is_set == 0)


def alike(train: Table, held_out: Table, known: Reference | None = None) -> Table:
    """Return the training rows, so many of each class left out that the classes have the shares that they have in the
    rows held out: other shares alone make other features.

    known: what a reference model finds in the training rows; it tells the shares where labels are not known.
    """
    if held_out.labelled and held_out.both_classes:
        share = held_out.prevalence
    elif not held_out.labelled and known is not None and known.found:
        share = _share_of_positives(known, held_out.features)
    else:
        return train
    if not train.both_classes:
        return train
    shares = np.array([1 - share, share])
    counts = np.array([len(train.labels) - train.labels.sum(), train.labels.sum()])
    total = (counts / shares).min()
    parts = [np.flatnonzero(train.labels == label)[: round(total * shares[label])] for label in (0, 1)]
    return train.at(np.sort(np.concatenate(parts)))


def _share_of_positives(known: Reference, features: np.ndarray) -> float:
    """Return the share of label 1 in rows without labels that makes them most likely (Saerens et al. 2002)."""
    odds, trained = known.log_odds(features), float(logit(known.labels.mean()))
    share = float(known.labels.mean())
    for _ in range(100):
        share = float(np.clip(expit(odds - trained + logit(share)).mean(), 0.01, 0.99))
    return share


def groups_of(rows: np.ndarray, size: int) -> np.ndarray:
    """Return for each row the number of its group, as of a customer's visits, shape [rows]: in some column the rows of
    a group have one value, and none of its values stands both among the first `size` rows and behind; or they are
    alike and follow each other; else every row is a group.

    rows: of two tables, one below the other, shape [rows, columns].
    """
    length = max(_stretch_of_one(part) for part in (rows[:size], rows[size:]))
    first = np.arange(size) // length
    groups, most = np.concatenate([first, first[-1] + 1 + np.arange(len(rows) - size) // length]), 19
    for column in rows.T:
        values = np.unique(column, return_inverse=True)[1]
        number = int(values.max()) + 1
        if most < number < len(rows) / 3 and not len(np.intersect1d(values[:size], values[size:])):
            groups, most = values, number
    return groups


def _stretch_of_one(rows: np.ndarray) -> int:
    """Return in stretches of how many rows most are followed by rows like them, as by the next visit of the same
    customer: 1 if rows are not like the next, or if that does not end, as in a sorted table."""
    alike, lags = _likeness(rows), range(2, min(64, len(rows) // 16))
    if not lags or (next_one := alike(1)) < max(0.05, 4 / np.sqrt(thinned(rows).size)):
        return 1
    return 2 * next((lag for lag in lags if alike(lag) < 0.2 * next_one), 0) or 1


def _likeness(rows: np.ndarray) -> Callable[[int], float]:
    """Return a function that says how alike rows are that stand so far apart: the mean rank correlation."""
    ranks = rankdata(thinned(rows), axis=0)
    spread = ranks.std(axis=0)
    standard = (ranks - ranks.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return lambda lag: float((standard[:-lag] * standard[lag:]).mean())


def by_stretches(ordered: Table) -> tuple[float, float] | None:
    """Return the ROC AUC of reference models for rows held out at random, and for whole stretches of rows held out
    together; None if rows are not like the next ones, or models find nothing.

    ordered: rows in the order of the learner's tensor.
    """
    rows, some = len(ordered.labels), ordered.features[:LARGEST]
    if _likeness(_views(ordered)[-1][0].fit_transform(some))(1) < max(0.03, 4 / np.sqrt(len(some))):
        return None
    at_random = reference(ordered.at(np.random.default_rng(0).permutation(rows)[:LARGEST]))
    together = reference(ordered, groups=np.arange(rows) * PIECES // rows)
    if at_random is None or together is None or not at_random.found:
        return None
    return at_random.auc, together.auc


@threadpool_limits.wrap(limits=1)
def tell_apart(train: Table, held_out: Table, known: Reference | None = None) -> float:
    """Return how well boosted trees tell rows held out from training rows: the ROC AUC by cross-validation, where the
    rows of one group are held out together.

    known: what a reference model finds in the training rows. Raises OutOfTime if no time is left.
    """
    check_time()
    train, rng = alike(train, held_out, known), np.random.default_rng(0)
    size = min(len(train.labels), len(held_out.labels), LARGEST // 2)
    if size < 40:
        return 0.5
    parts = [part.features[np.sort(rng.permutation(len(part.features))[:size])] for part in (train, held_out)]
    rows, side = thinned(np.concatenate(parts)), np.repeat([0, 1], size)
    groups = groups_of(rows, size)
    whole = groups if _fewest(groups, side) >= 6 and len(np.unique(groups)) < len(rows) else None
    found = cross_val_predict(_trees(), rows, side, groups=whole, cv=_folds(3, whole), method="predict_proba")[:, 1]
    return float(roc_auc_score(side, found))
