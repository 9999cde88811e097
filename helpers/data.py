"""Real data sets, problems whose best possible score is known, and seeded splits of both."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Literal, Protocol, Self, TypeVar

import numpy as np
import pandas as pd
import torch
from scipy.integrate import quad
from scipy.stats import norm
from sklearn import datasets as sklearn_datasets
from sklearn.base import TransformerMixin, clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import Tensor

from helpers.seeding import generator, random_state

Key = TypeVar("Key")
Value = TypeVar("Value")

FOLDER = Path(__file__).resolve().parent.parent / "data"


# ---------------------------------------------------------------- data sets


@dataclass(frozen=True)
class Dataset:
    """A table with a yes-or-no label.

    features: one row per example, one column per feature; numbers may be missing (NaN) but not infinite, every
        other column is a category.
    labels: 0 or 1 for each row, shape [rows].
    positive: what the label 1 means. origin: where the data come from.

    Raises ValueError for an empty table, lengths that differ, labels other than 0 and 1, one class only, or
    infinite features.
    """

    name: str
    features: pd.DataFrame
    labels: np.ndarray
    positive: str
    origin: str
    _parts: dict[tuple[int, tuple[int, int]], tuple[np.ndarray, np.ndarray, np.ndarray]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if not isinstance(self.features, pd.DataFrame):
            raise ValueError(
                f"features of {self.name} is a {type(self.features).__name__}; expected a pandas DataFrame"
            )
        object.__setattr__(self, "labels", _checked_labels(self.labels, f"labels of {self.name}"))
        if len(self.features) != len(self.labels):
            raise ValueError(f"{self.name} has {len(self.features)} rows of features and {len(self.labels)} labels; "
                             "expected as many of one as of the other")  # fmt: skip
        for column in self.numeric:
            if np.isinf(self.features[column].to_numpy(dtype=float)).any():
                raise ValueError(
                    f"column {column!r} of {self.name} holds an infinite value; expected finite numbers or NaN"
                )

    def __repr__(self) -> str:
        return (f"{self.name}: {len(self.labels):,} rows, {self.features.shape[1]} features, "
                f"{self.prevalence:.1%} positive ({self.positive})")  # fmt: skip

    @cached_property
    def numeric(self) -> list[str]:
        """The names of the columns that hold numbers."""
        return list(self.features.select_dtypes("number").columns)

    @property
    def categorical(self) -> list[str]:
        """The names of the columns that hold categories."""
        return [column for column in self.features.columns if column not in self.numeric]

    @cached_property
    def numbers(self) -> np.ndarray:
        """The columns of numbers, shape [rows, columns]."""
        return self.features[self.numeric].to_numpy(dtype=np.float64)

    @cached_property
    def categories(self) -> tuple[np.ndarray, list[str]]:
        """The 0-or-1 columns, shape [rows, columns], and their names. Nothing is fitted but the list of the values."""
        encoder = OneHotEncoder(drop="if_binary", sparse_output=False)
        values = self.features[self.categorical].fillna("missing").astype(str)
        return encoder.fit_transform(values), list(encoder.get_feature_names_out())

    @property
    def prevalence(self) -> float:
        """The share of rows whose label is 1."""
        return float(self.labels.mean())

    def distinct(self) -> Self:
        """Return the data set without exact copies of earlier rows, which would stand on both sides of a split."""
        keep = ~self.features.assign(_label=self.labels).duplicated().to_numpy()
        return replace(self, features=self.features[keep].reset_index(drop=True), labels=self.labels[keep])


def _checked_labels(labels: np.ndarray, name: str) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"{name} has shape {labels.shape}; expected one label per row and at least one row")
    values = pd.unique(labels).tolist()
    if not set(values) <= {0, 1}:
        raise ValueError(f"{name} holds the values {sorted(values, key=str)[:5]}; expected 0 and 1 only")
    if len(values) < 2:
        raise ValueError(f"{name} holds only the class {values[0]}; expected rows of both classes")
    return labels.astype(np.int64)


# name → (target column, its value for label 1, what that means, one sentence on the origin)
_SHIPPED: dict[str, tuple[str, object, str, str]] = {
    "credit_data": (
        "bad",
        1,
        "the loan was not paid back",
        "Loans of a bank, from a course on credit scoring via modeldata (MIT).",
    ),
    "hypothyroid": (
        "hypothyroid",
        1,
        "the patient is hypothyroid",
        "Laboratory values of patients, Garavan Institute, via UCI (CC BY 4.0).",
    ),
    "mlc_churn": (
        "churn",
        1,
        "the customer left",
        "Artificial customers, made to resemble real ones, from MLC++ via modeldata (MIT).",
    ),
    "spambase": (
        "spam",
        1,
        "the e-mail is spam",
        "Frequencies of words in e-mails, Hewlett-Packard Labs, via UCI (CC BY 4.0).",
    ),
    "sms_spam": (
        "label",
        "spam",
        "the text message is spam",
        "English text messages, about 2004 to 2011, via UCI (CC BY 4.0).",
    ),
}


def names() -> list[str]:
    """Return the names that `load` knows."""
    return sorted([*_SHIPPED, "breast_cancer", "digit_8"])


def load(name: str) -> Dataset:
    """Return a data set by its name: one that lies in `data/`, or one of scikit-learn's own.

    Raises ValueError for an unknown name, FileNotFoundError if the file is missing and RuntimeError if its
    content is not what `data/<name>/SOURCE.md` says.
    """
    if name == "breast_cancer":
        source = sklearn_datasets.load_breast_cancer(as_frame=True)
        return Dataset(name, source.data, 1 - source.target.to_numpy(), "the tumour is malignant",
                       "Cell nuclei measured in images, Wisconsin, via scikit-learn.")  # fmt: skip
    if name == "digit_8":
        source = sklearn_datasets.load_digits(as_frame=True)
        return Dataset(name, source.data, (source.target == 8).to_numpy(), "the digit is an 8",
                       "Handwritten digits of 8 × 8 pixels, via scikit-learn.")  # fmt: skip
    if name not in _SHIPPED:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(names())}")
    target, one, positive, origin = _SHIPPED[name]
    table = pd.read_csv(BytesIO(gzip.decompress(_verified(name))), keep_default_na=False, na_values=[""])
    return Dataset(name, table.drop(columns=target), (table[target] == one).to_numpy(), positive, origin)


def _verified(name: str) -> bytes:
    path = FOLDER / name / f"{name}.csv.gz"
    remedy = f"`git checkout -- data/{name}` in the project's folder brings it back"
    if not path.exists():
        raise FileNotFoundError(f"the data file {path} is missing; {remedy}")
    expected = re.search(rf"`{path.name}`.*?sha256 `([0-9a-f]{{64}})`", (path.parent / "SOURCE.md").read_text("utf-8"))
    if expected is None:
        raise RuntimeError(f"{path.parent / 'SOURCE.md'} states no sha256 for {path.name}; {remedy}")
    content = path.read_bytes()
    found = sha256(content).hexdigest()
    if found != expected[1]:
        raise RuntimeError(f"the data file {path} is damaged: its sha256 is {found}, expected {expected[1]}; {remedy}")
    return content


# ---------------------------------------------------------------- problems with a known best score


class Problem(Protocol):
    """A distribution of rows and labels that can be drawn from without end."""

    name: str
    dimensions: int

    def draw(self, rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return features, shape [rows, dimensions], and labels 0 or 1, shape [rows]."""
        ...


@dataclass(frozen=True)
class Gaussians:
    """Two round Gaussians of variance 1, one for each class, whose means lie `distance` apart.

    The direction between the means is the diagonal of the feature space, so every feature carries equally much.
    The best possible classifier is linear: log odds = distance × (projection on that direction) + log prior odds.

    Raises ValueError for fewer than 1 dimension, a negative distance, or a prevalence outside (0, 1).
    """

    distance: float = 2.0
    dimensions: int = 2
    prevalence: float = 0.5
    name: str = "two Gaussians"

    def __post_init__(self) -> None:
        _check(self.dimensions >= 1, "dimensions", self.dimensions, "at least 1")
        _check(self.distance >= 0, "distance", self.distance, "at least 0")
        _check(0 < self.prevalence < 1, "prevalence", self.prevalence, "a share between 0 and 1, both excluded")

    def draw(self, rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return features, shape [rows, dimensions], and labels, shape [rows], of which exactly the share
        `prevalence`, rounded to a whole row, is 1."""
        labels = (rng.permutation(rows) < round(rows * self.prevalence)).astype(np.int64)
        direction = np.full(self.dimensions, self.dimensions**-0.5)
        centre = (labels - 0.5)[:, None] * self.distance * direction
        return centre + rng.standard_normal((rows, self.dimensions)), labels

    def probability(self, features: np.ndarray) -> np.ndarray:
        """Return the true probability of label 1 for each row of `features`, shape [rows]."""
        projection = features.sum(axis=1) * self.dimensions**-0.5
        log_odds = self.distance * projection + np.log(self.prevalence / (1 - self.prevalence))
        return 1 / (1 + np.exp(-log_odds))

    @property
    def best_accuracy(self) -> float:
        """The accuracy of the Bayes classifier (Duda, Hart & Stork, Pattern Classification, 2001, section 2.6)."""
        if self.distance == 0:
            return max(self.prevalence, 1 - self.prevalence)
        cut = np.log((1 - self.prevalence) / self.prevalence) / self.distance
        half = self.distance / 2
        return float(self.prevalence * norm.cdf(half - cut) + (1 - self.prevalence) * norm.cdf(half + cut))

    @property
    def best_roc_auc(self) -> float:
        """P(score of a positive > score of a negative) = Φ(distance / √2), whatever the prevalence."""
        return float(norm.cdf(self.distance / 2**0.5))

    @property
    def best_average_precision(self) -> float:
        """The area under the Bayes classifier's precision–recall curve, integrated over recall."""

        def precision(recall: float) -> float:
            false_positive_rate = norm.cdf(norm.ppf(recall) - self.distance)
            found = self.prevalence * recall
            return found / (found + (1 - self.prevalence) * false_positive_rate)

        return float(quad(precision, 1e-12, 1, limit=200)[0])


@dataclass(frozen=True)
class NoisyXor:
    """Points in a square (or cube …) of side 2 around 0, labelled 1 where the first two coordinates have the same
    sign; a share `noise` of the labels is flipped. A linear classifier can do no better than chance.

    Raises ValueError for fewer than 2 dimensions or noise outside [0, 0.5].
    """

    noise: float = 0.1
    dimensions: int = 2
    name: str = "noisy XOR"

    def __post_init__(self) -> None:
        _check(self.dimensions >= 2, "dimensions", self.dimensions, "at least 2")
        _check(0 <= self.noise <= 0.5, "noise", self.noise, "a share from 0 to 0.5")

    def draw(self, rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return features, shape [rows, dimensions], and labels, shape [rows]."""
        features = rng.uniform(-1, 1, (rows, self.dimensions))
        flipped = rng.random(rows) < self.noise
        return features, ((features[:, 0] * features[:, 1] > 0) ^ flipped).astype(np.int64)

    def probability(self, features: np.ndarray) -> np.ndarray:
        """Return the true probability of label 1 for each row of `features`, shape [rows]."""
        return np.where(features[:, 0] * features[:, 1] > 0, 1 - self.noise, self.noise)

    @property
    def best_accuracy(self) -> float:
        """The accuracy of the true rule: all but the flipped labels."""
        return 1 - self.noise

    @property
    def best_roc_auc(self) -> float:
        """The area under the two-valued score's curve; (TPR + TNR) / 2 = 1 − noise."""
        return 1 - self.noise


def _check(holds: bool, name: str, value: object, expected: str) -> None:
    if not holds:
        raise ValueError(f"{name} is {value!r}; expected {expected}")


# ---------------------------------------------------------------- splits


@dataclass(frozen=True)
class Part:
    """One part of a split: features, shape [rows, columns], and labels 0.0 or 1.0, shape [rows], both float64.

    Raises ValueError for other shapes or types, features that are not finite, other labels, or one class only.
    """

    features: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        for name in ("features", "labels"):
            value = getattr(self, name)
            if not isinstance(value, Tensor) or value.dtype != torch.float64:
                found = value.dtype if isinstance(value, Tensor) else type(value).__name__
                raise ValueError(f"{name} is of type {found}; expected a tensor of torch.float64")
        if self.features.ndim != 2 or self.features.shape[1] == 0 or len(self.features) != len(self.labels):
            raise ValueError(f"features has shape {tuple(self.features.shape)} and labels {tuple(self.labels.shape)}; "
                             "expected [rows, columns] and [rows]")  # fmt: skip
        _checked_labels(self.labels.numpy(), "labels")
        finite = np.isfinite(self.features.numpy()).all(axis=0)  # PyTorch may wait for threads that others keep busy
        if not finite.all():
            column = int(finite.argmin())
            raise ValueError(
                f"features holds NaN or infinite values, first in column {column}; expected finite numbers"
            )

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Split:
    """The three parts that one seed trains, chooses and judges on, and the names of the feature columns."""

    train: Part
    validation: Part
    test: Part
    columns: tuple[str, ...]


Alteration = Callable[[Split, np.random.Generator], Split]


class Task(Protocol):
    """What `fit` and `replicate` train on: one split for each seed.

    test_to_train is the ratio of test rows to training rows if the seeds re-split the same finite data, which makes
    their scores dependent, and 0 if every seed draws fresh rows.
    """

    name: str
    test_to_train: float

    def split(self, seed: int) -> Split:
        """Return the split of this seed, always the same."""
        ...


@dataclass(frozen=True)
class Resplits:
    """Random stratified splits of one data set: 60 % to train, 20 % to validate, 20 % to test.

    Categories become 0-or-1 columns, one for each value (one in all for a category of two values), a missing value
    being a value of its own. Missing numbers become the median, and then scaler, an unfitted scikit-learn transformer,
    is applied to the columns of numbers, or nothing if it is None; median and scaler are fitted on the training part
    of each seed alone.
    prevalence: if given, each seed first draws the largest subset of the rows that has this share of positives.
    rows: the size of that subset, if smaller.
    alter: if given, changes each split after preprocessing (for example `permuted_labels`).

    Raises ValueError for a prevalence or a number of rows that the data set cannot supply.
    """

    dataset: Dataset
    scaler: TransformerMixin | None = field(default_factory=StandardScaler)
    prevalence: float | None = None
    rows: int | None = None
    alter: Alteration | None = None
    test_to_train: float = field(default=1 / 3, init=False)
    _cache: dict[int, Split] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.prevalence is not None:
            _check(0 < self.prevalence < 1, "prevalence", self.prevalence, "a share between 0 and 1, both excluded")
        positives, negatives = self._counts()
        available = int(self.dataset.labels.sum())
        if positives > available or negatives > len(self.dataset.labels) - available:
            raise ValueError(f"rows is {self.rows}; expected at most what {self.dataset!r} can supply")
        _check(min(positives, negatives) >= 5, "rows", positives + negatives, "at least 5 rows of each class")

    @property
    def name(self) -> str:
        """The data set's name, with what was changed about it."""
        share = [] if self.prevalence is None else [f"{self.prevalence:.0%} positive"]
        changed = [] if self.alter is None else [self.alter.__name__.replace("_", " ")]
        return ", ".join([self.dataset.name, *share, *changed])

    def _counts(self) -> tuple[int, int]:
        """The numbers of positives and negatives that a split holds."""
        available = np.bincount(self.dataset.labels)
        if self.prevalence is None and self.rows is None:
            return int(available[1]), int(available[0])
        share = self.prevalence or self.dataset.prevalence
        total = self.rows or int(min(available[1] / share, available[0] / (1 - share)))
        positives = round(total * share)
        return positives, total - positives

    def split(self, seed: int) -> Split:
        """Return the split of this seed, always the same."""
        return _remembered(self._cache, seed, self._make)

    def _make(self, seed: int) -> Split:
        dataset, counts = self.dataset, self._counts()
        # Another task on the same data set has the same parts, whatever its scaler.
        train, validation, test = _remembered(dataset._parts, (seed, counts), lambda _: self._divide(seed, *counts))
        fitted = make_pipeline(
            SimpleImputer(strategy="median", keep_empty_features=True) if np.isnan(dataset.numbers).any() else None,
            None if self.scaler is None else clone(self.scaler),
        ).fit(dataset.numbers[train])

        rows = np.concatenate([train, validation, test])
        features = torch.from_numpy(np.hstack([fitted.transform(dataset.numbers[rows]), dataset.categories[0][rows]]))
        labels = torch.from_numpy(dataset.labels[rows].astype(np.float64))
        sizes = [len(train), len(validation), len(test)]
        parts = [Part(*values) for values in zip(features.split(sizes), labels.split(sizes), strict=True)]
        columns = (*dataset.numeric, *dataset.categories[1])
        return _altered(Split(parts[0], parts[1], parts[2], columns), self.alter, seed)

    def _divide(self, seed: int, positives: int, negatives: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the numbers of the rows of each part."""
        labels = self.dataset.labels
        kept = generator("subset", seed).permutation(len(labels))
        kept = np.sort(np.concatenate([kept[labels[kept] == 1][:positives], kept[labels[kept] == 0][:negatives]]))
        return _stratified(kept, labels, seed)


@dataclass(frozen=True)
class TextResplits:
    """Random stratified splits of a data set of messages, its column "text", into parts as large as in `Resplits`.

    Words are what scikit-learn's CountVectorizer takes for words. Those that are most frequent in the training part of
    each seed, `words` in number, are its vocabulary (of equally frequent ones the first in the alphabet); all others
    are left out.
    encode: "shares" gives one column for each word of the vocabulary, the share of the message's words that it is, so
        that the first weight matrix of an `MLP` is a table of embeddings and its product with a row their mean.
        "tokens" gives one column for each of the message's first `length` words: the number of the word, counted from
        1, the most frequent being 1; 0 fills up a shorter message. `TokenGRU` reads these.

    Raises ValueError for a data set without texts, and for numbers of words that are not positive or more than the
    training part has.
    """

    dataset: Dataset
    words: int = 200
    length: int = 20
    encode: Literal["shares", "tokens"] = "shares"
    test_to_train: float = field(default=1 / 3, init=False)
    _cache: dict[int, Split] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if "text" not in self.dataset.categorical:
            raise ValueError(f"dataset is {self.dataset!r}; expected one with a column 'text' of messages")
        _check(self.words >= 1, "words", self.words, "at least 1")
        _check(self.length >= 1, "length", self.length, "at least 1")
        _check(self.encode in ("shares", "tokens"), "encode", self.encode, "'shares' or 'tokens'")

    @property
    def name(self) -> str:
        """The data set's name and the encoding."""
        return f"{self.dataset.name}, {self.encode}"

    @cached_property
    def _messages(self) -> tuple[np.ndarray, np.ndarray]:
        """The words of each message as numbers, shape [rows, longest], and the list of words that they number from 0.

        Shorter messages are filled up with the number after the last. Nothing is fitted but the list of the words.
        """
        words_of = CountVectorizer().build_analyzer()
        messages = [words_of(text) for text in self.dataset.features["text"]]
        known = sorted({word for message in messages for word in message})
        numbers = {word: number for number, word in enumerate(known)}
        table = np.full((len(messages), max(self.length, *map(len, messages))), len(known))
        for row, message in zip(table, messages, strict=True):
            row[: len(message)] = [numbers[word] for word in message]
        return table, np.array(known)

    def split(self, seed: int) -> Split:
        """Return the split of this seed, always the same."""
        return _remembered(self._cache, seed, self._make, keep=32)

    def _make(self, seed: int) -> Split:
        table, known = self._messages
        labels = self.dataset.labels
        rows = _stratified(np.arange(len(labels)), labels, seed)
        occurrences = np.bincount(table[rows[0]].ravel(), minlength=len(known) + 1)[:-1]
        different = int((occurrences > 0).sum())
        _check(self.words <= different, "words", self.words, f"at most {different}, the words of the training part")
        # CountVectorizer's own choice between equally frequent words depends on the processor
        vocabulary = np.argsort(-occurrences, kind="stable")[: self.words]
        token = np.zeros(len(known) + 1, dtype=np.int64)
        token[vocabulary] = np.arange(1, self.words + 1)
        tokens = token[table]
        features = (self._shares if self.encode == "shares" else self._first)(tokens)
        positions = [f"word {position}" for position in range(1, self.length + 1)]
        columns = known[vocabulary].tolist() if self.encode == "shares" else positions
        target = torch.from_numpy(labels.astype(np.float64))
        train, validation, test = (Part(torch.from_numpy(features[part]), target[part]) for part in rows)
        return Split(train, validation, test, tuple(columns))

    def _shares(self, tokens: np.ndarray) -> np.ndarray:
        """Return each word's share of the words of each message that are not 0, shape [rows, words]."""
        cells = np.arange(len(tokens))[:, None] * (self.words + 1) + tokens
        counts = np.bincount(cells.ravel(), minlength=len(tokens) * (self.words + 1)).reshape(len(tokens), -1)[:, 1:]
        return counts / counts.sum(axis=1, keepdims=True).clip(min=1)

    def _first(self, tokens: np.ndarray) -> np.ndarray:
        """Return the first `length` tokens of each message that are not 0, then zeros, shape [rows, length]."""
        order = np.argsort(tokens == 0, axis=1, kind="stable")[:, : self.length]
        return np.take_along_axis(tokens, order, axis=1).astype(np.float64)


@dataclass(frozen=True)
class FreshDraws:
    """New rows of a known problem for every seed.

    train, validation, test: the numbers of rows to draw. alter: as in `Resplits`.
    """

    problem: Problem
    train: int = 1000
    validation: int = 1000
    test: int = 1000
    alter: Alteration | None = None
    test_to_train: float = field(default=0.0, init=False)
    _cache: dict[int, Split] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The problem's name, with what was changed about it."""
        return (
            self.problem.name if self.alter is None else f"{self.problem.name}, {self.alter.__name__.replace('_', ' ')}"
        )

    def split(self, seed: int) -> Split:
        """Return the split of this seed, always the same."""
        return _remembered(self._cache, seed, self._make)

    def _make(self, seed: int) -> Split:
        rng = generator(f"draw {self.problem.name}", seed)
        columns = tuple(f"x{number}" for number in range(1, self.problem.dimensions + 1))
        train, validation, test = (self._part(rows, rng) for rows in (self.train, self.validation, self.test))
        return _altered(Split(train, validation, test, columns), self.alter, seed)

    def _part(self, rows: int, rng: np.random.Generator) -> Part:
        features, labels = self.problem.draw(rows, rng)
        return Part(torch.from_numpy(features), torch.from_numpy(labels.astype(np.float64)))


def _stratified(rows: np.ndarray, labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Divide row numbers at random into 60, 20 and 20 %, each with its share of both labels."""
    state = random_state("split", seed)
    train, rest = train_test_split(rows, test_size=0.4, stratify=labels[rows], random_state=state)
    validation, test = train_test_split(rest, test_size=0.5, stratify=labels[rest], random_state=state)
    return train, validation, test


def _remembered(cache: dict[Key, Value], key: Key, make: Callable[[Key], Value], keep: int = 64) -> Value:
    """Return what the cache has for this key, or make it; the cache forgets the oldest if it holds too many."""
    value = cache.get(key)
    if value is None:
        value = cache[key] = make(key)
        if len(cache) > keep:
            cache.pop(next(iter(cache)), None)
    return value


def _altered(split: Split, alter: Alteration | None, seed: int) -> Split:
    return split if alter is None else alter(split, generator("alter", seed))


def permuted_labels(split: Split, rng: np.random.Generator) -> Split:
    """Return the split with the labels of each part shuffled, so that the features say nothing about them."""

    def permuted(part: Part) -> Part:
        return Part(part.features, part.labels[torch.from_numpy(rng.permutation(len(part)))])

    return replace(split, train=permuted(split.train), validation=permuted(split.validation), test=permuted(split.test))
