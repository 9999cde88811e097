"""Data sets, known problems and splits, with scikit-learn and simulation as the oracles."""

import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import binom
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from helpers import Dataset, FreshDraws, Gaussians, NoisyXor, Part, Resplits, TextResplits, data, load, permuted_labels
from helpers.seeding import generator


def frame(**columns):
    return pd.DataFrame(columns)


def small(rows=100, **extra):
    rng = np.random.default_rng(0)
    labels = (np.arange(rows) % 4 == 0).astype(int)
    return Dataset("small", frame(number=rng.normal(5, 3, rows), **extra), labels, "every fourth", "made here")


# ---------------------------------------------------------------- load


@pytest.mark.parametrize(
    ("name", "rows", "columns", "positives"),
    [
        ("breast_cancer", 569, 30, 212),
        ("credit_data", 4454, 13, 1254),
        ("digit_8", 1797, 64, 174),
        ("hypothyroid", 3163, 25, 151),
        ("mlc_churn", 5000, 19, 707),
        ("sms_spam", 4862, 1, 642),
        ("spambase", 4597, 57, 1812),
    ],
)
def test_load_gives_what_the_source_says(name, rows, columns, positives):
    dataset = load(name)
    assert dataset.features.shape == (rows, columns)
    assert dataset.labels.sum() == positives
    assert dataset.prevalence == pytest.approx(positives / rows)
    assert dataset.origin and dataset.positive
    assert name in repr(dataset) and dataset.positive in repr(dataset)


def test_names_are_what_load_knows():
    assert all(load(name).name == name for name in data.names())
    assert {path.parent.name for path in data.FOLDER.glob("*/SOURCE.md")} <= set(data.names())


def test_load_names_the_choices_for_an_unknown_name():
    with pytest.raises(ValueError, match="name is 'titanic'; expected one of breast_cancer, "):
        load("titanic")


def test_load_says_which_file_is_missing_or_damaged_and_what_to_do(tmp_path, monkeypatch):
    shutil.copytree(data.FOLDER / "hypothyroid", tmp_path / "hypothyroid")
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    path = tmp_path / "hypothyroid" / "hypothyroid.csv.gz"
    assert load("hypothyroid").name == "hypothyroid"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(RuntimeError, match=r"hypothyroid.csv.gz is damaged.*git checkout -- data/hypothyroid"):
        load("hypothyroid")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"hypothyroid.csv.gz is missing.*git checkout -- data/hypothyroid"):
        load("hypothyroid")
    (path.parent / "SOURCE.md").write_text("nothing")
    path.write_bytes(content)
    with pytest.raises(RuntimeError, match="states no sha256"):
        load("hypothyroid")


def test_distinct_drops_exact_copies_only():
    dataset = Dataset("d", frame(a=[1, 1, 1, 2], b=["x", "x", "x", "x"]), np.array([0, 0, 1, 1]), "p", "o")
    assert dataset.distinct().features["a"].tolist() == [1, 1, 2]
    assert dataset.distinct().labels.tolist() == [0, 1, 1]
    assert len(load("spambase").distinct().labels) == 4597 - 391


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        ([[1.0], [2.0]], [0, 1], "features of d is a list; expected a pandas DataFrame"),
        (frame(a=[1, 2]), [0, 2], r"labels of d holds the values \[0, 2\]; expected 0 and 1 only"),
        (frame(a=[1, 2]), [-1, 1], "expected 0 and 1 only"),
        (frame(a=[1, 2]), ["no", "yes"], "expected 0 and 1 only"),
        (frame(a=[1.0, 2.0]), [0.0, np.nan], "expected 0 and 1 only"),
        (frame(a=[1, 2, 3]), [0, 1, 2], "expected 0 and 1 only"),
        (frame(a=[1, 2]), [1, 1], "holds only the class 1; expected rows of both classes"),
        (frame(a=[]), [], "at least one row"),
        (frame(a=[1, 2]), [[0], [1]], r"has shape \(2, 1\); expected one label per row"),
        (frame(a=[1, 2, 3]), [0, 1], "3 rows of features and 2 labels"),
        (frame(a=[1.0, np.inf]), [0, 1], "column 'a' of d holds an infinite value"),
    ],
)
def test_a_dataset_refuses_what_it_cannot_use(features, labels, message):
    with pytest.raises(ValueError, match=message):
        Dataset("d", features, np.array(labels), "p", "o")


# ---------------------------------------------------------------- problems with a known best score


@pytest.mark.parametrize(
    "problem", [Gaussians(2.0, 3), Gaussians(1.5, 2, prevalence=0.1), NoisyXor(0.1), Gaussians(0.0)]
)
def test_the_true_probability_reaches_the_best_scores_and_nothing_beats_them(problem):
    rows = 200_000
    features, labels = problem.draw(rows, generator("test", 0))
    truth = problem.probability(features)
    spread = 4 * (0.25 / rows) ** 0.5
    assert np.mean((truth > 0.5) == labels) == pytest.approx(problem.best_accuracy, abs=spread)
    assert roc_auc_score(labels, truth) == pytest.approx(problem.best_roc_auc, abs=4 * spread)


@pytest.mark.parametrize("prevalence", [0.5, 0.1, 0.01])
def test_best_average_precision_is_that_of_the_true_probability(prevalence):
    problem = Gaussians(2.0, 2, prevalence)
    found = []
    for seed in range(5):
        features, labels = problem.draw(200_000, generator("test", seed))
        found.append(average_precision_score(labels, problem.probability(features)))
    assert np.mean(found) == pytest.approx(problem.best_average_precision, abs=4 * np.std(found) / 5**0.5 + 1e-3)


def test_the_true_probability_is_calibrated():
    problem = Gaussians(1.0, 4, prevalence=0.2)
    features, labels = problem.draw(200_000, generator("test", 1))
    truth = problem.probability(features)
    for low in (0.0, 0.1, 0.3, 0.5):
        inside = (truth >= low) & (truth < low + 0.1)
        assert labels[inside].mean() == pytest.approx(truth[inside].mean(), abs=4 * (0.25 / inside.sum()) ** 0.5)


def test_gaussians_hold_the_prevalence_exactly():
    labels = Gaussians(prevalence=0.013).draw(1000, generator("test", 0))[1]
    assert labels.sum() == 13


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Gaussians(distance=-1), "distance is -1; expected at least 0"),
        (lambda: Gaussians(dimensions=0), "dimensions is 0; expected at least 1"),
        (lambda: Gaussians(prevalence=1.0), "prevalence is 1.0; expected a share between 0 and 1"),
        (lambda: NoisyXor(noise=0.6), "noise is 0.6; expected a share from 0 to 0.5"),
        (lambda: NoisyXor(dimensions=1), "dimensions is 1; expected at least 2"),
    ],
)
def test_problems_refuse_impossible_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# ---------------------------------------------------------------- splits


def test_a_split_uses_every_row_once_and_keeps_the_prevalence():
    dataset = load("mlc_churn")
    split = Resplits(dataset, scaler=None).split(0)
    parts = [split.train, split.validation, split.test]
    assert [len(part) for part in parts] == [3000, 1000, 1000]
    assert all(part.labels.mean().item() == pytest.approx(dataset.prevalence, abs=1e-3) for part in parts)
    minutes = dataset.features["total_day_minutes"].to_numpy()
    column = split.columns.index("total_day_minutes")
    assert np.allclose(np.sort(np.concatenate([part.features[:, column] for part in parts])), np.sort(minutes))


def test_seeds_split_differently_and_each_seed_always_the_same():
    tasks = [Resplits(load("breast_cancer")) for _ in range(2)]
    first, again, other = tasks[0].split(1), tasks[1].split(1), tasks[0].split(2)
    assert torch.equal(first.test.features, again.test.features)
    assert not torch.equal(first.test.labels, other.test.labels)
    assert tasks[0].split(1) is first


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()])
def test_the_scaler_is_fitted_on_the_training_part_alone(scaler):
    raw = Resplits(load("breast_cancer"), scaler=None).split(3)
    scaled = Resplits(load("breast_cancer"), scaler=scaler).split(3)
    scaler.fit(raw.train.features.numpy())
    for part in ("train", "validation", "test"):
        expected = scaler.transform(getattr(raw, part).features.numpy())
        assert np.allclose(getattr(scaled, part).features, expected, atol=1e-12)


def test_missing_numbers_become_the_median_of_the_training_part():
    column = np.array([np.nan, *range(1, 100)], dtype=float)
    dataset = Dataset("d", frame(number=column), (np.arange(100) % 2).astype(int), "p", "o")
    split = Resplits(dataset, scaler=None).split(0)
    known = [value for value in split.train.features[:, 0].tolist() if value == int(value)]
    everything = torch.cat([split.train.features, split.validation.features, split.test.features])[:, 0]
    filled = [
        value for value in everything.tolist() if sorted(everything.tolist()).count(value) > 1 or value != int(value)
    ]
    assert filled and filled[0] == pytest.approx(np.median(known), abs=0.51)
    assert np.median(known) != np.nanmedian(column)


def test_categories_become_one_column_each_and_missing_is_one_of_them():
    colours = (["red", "green", "blue", np.nan] * 25)[:100]
    split = Resplits(small(colour=colours, plan=["yes", "no"] * 50)).split(0)
    assert split.columns == ("number", "colour_blue", "colour_green", "colour_missing", "colour_red", "plan_yes")
    assert torch.equal(split.train.features[:, 1:5].sum(dim=1), torch.ones(60, dtype=torch.float64))


def test_a_wished_prevalence_is_met_with_as_many_rows_as_the_data_allow():
    task = Resplits(load("mlc_churn"), prevalence=0.5)
    split = task.split(0)
    rows = sum(len(part) for part in (split.train, split.validation, split.test))
    assert rows == 2 * 707
    assert split.train.labels.mean().item() == pytest.approx(0.5, abs=1e-3)
    assert task.name == "mlc_churn, 50% positive"
    assert len(Resplits(load("mlc_churn"), prevalence=0.5, rows=500).split(0).train) == 300


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"prevalence": 0.0}, "prevalence is 0.0; expected a share between 0 and 1"),
        ({"prevalence": 0.5, "rows": 80}, "rows is 80; expected at most what small"),
        ({"rows": 8}, "expected at least 5 rows of each class"),
    ],
)
def test_resplits_refuse_what_the_data_cannot_supply(settings, message):
    with pytest.raises(ValueError, match=message):
        Resplits(small(), **settings)


def test_a_task_remembers_the_latest_splits_only():
    task = FreshDraws(Gaussians(), train=10, validation=10, test=10)
    first, later = task.split(0), [task.split(seed) for seed in range(1, 70)]
    assert task.split(69) is later[-1]
    assert task.split(0) is not first and torch.equal(task.split(0).train.features, first.train.features)


def texts_of(task, seed):
    """The texts of the training part, found by the split of a table that holds the row numbers."""
    rows = np.arange(len(task.dataset.labels), dtype=float)
    numbered = Dataset("numbered", frame(row=rows), task.dataset.labels, "as the texts", "made here")
    split = Resplits(numbered, scaler=None).split(seed)
    parts = (split.train, split.validation, split.test)
    return [task.dataset.features["text"].iloc[part.features[:, 0].numpy().astype(int)] for part in parts]


def test_shares_are_those_of_count_vectorizer_with_the_vocabulary_of_the_training_part():
    task = TextResplits(load("sms_spam").distinct(), words=150)
    split, texts = task.split(2), texts_of(task, 2)
    everything = CountVectorizer().fit(texts[0])
    frequency = np.asarray(everything.transform(texts[0]).sum(axis=0))[0]
    known = everything.get_feature_names_out()
    by_frequency = [known[i] for i in np.lexsort((known, -frequency))]
    assert list(split.columns) == by_frequency[:150]
    for part, messages in zip((split.train, split.validation, split.test), texts, strict=True):
        counts = CountVectorizer(vocabulary=by_frequency[:150]).transform(messages).toarray()
        expected = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        assert np.allclose(part.features, expected, atol=1e-15)
        assert len(part.labels) == len(messages)


def test_tokens_are_the_known_words_in_order_filled_up_with_zeros():
    dataset = load("sms_spam").distinct()
    tokens, shares = TextResplits(dataset, 80, 10, "tokens").split(0), TextResplits(dataset, 80).split(0)
    words_of = CountVectorizer().build_analyzer()
    number = {word: position for position, word in enumerate(shares.columns, start=1)}
    texts = texts_of(TextResplits(dataset), 0)
    for part, messages in zip((tokens.train, tokens.validation, tokens.test), texts, strict=True):
        for row, message in zip(part.features.tolist(), messages, strict=True):
            expected = [number[word] for word in words_of(message) if word in number][:10]
            assert row == expected + [0] * (10 - len(expected))
    assert tokens.columns == tuple(f"word {position}" for position in range(1, 11))
    assert torch.equal(tokens.test.labels, shares.test.labels)


def test_texts_are_split_as_tables_are_and_each_seed_always_the_same():
    dataset = load("sms_spam").distinct()
    task, table = TextResplits(dataset, words=20), Resplits(small())
    assert task.test_to_train == table.test_to_train and task.name == "sms_spam, shares"
    assert [len(part) for part in (task.split(0).train, task.split(0).validation, task.split(0).test)] == [
        2720, 907, 907]  # fmt: skip
    again = TextResplits(dataset, words=20).split(1)
    assert torch.equal(task.split(1).train.features, again.train.features)
    assert not torch.equal(task.split(1).test.features, task.split(0).test.features)
    assert [task.split(seed) for seed in range(2, 35)] and len(task._cache) == 32


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda texts: TextResplits(small()), r"dataset is small.*; expected one with a column 'text'"),
        (lambda texts: TextResplits(texts, words=0), "words is 0; expected at least 1"),
        (lambda texts: TextResplits(texts, length=0), "length is 0; expected at least 1"),
        (lambda texts: TextResplits(texts, encode="counts"), "encode is 'counts'; expected 'shares' or 'tokens'"),
        (lambda texts: TextResplits(texts, words=9).split(0), "words is 9; expected at most 3, the words of the"),
    ],
)
def test_texts_are_refused_in_a_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make(small(text=["one two", "two three", "three", "I"] * 25))


def test_fresh_draws_differ_by_seed_and_by_part():
    task = FreshDraws(Gaussians(), train=50, validation=40, test=30)
    split = task.split(0)
    assert [len(part) for part in (split.train, split.validation, split.test)] == [50, 40, 30]
    assert not torch.equal(split.train.features[:30], split.test.features)
    assert not torch.equal(split.train.features, task.split(1).train.features)
    assert task.test_to_train == 0 and Resplits(small()).test_to_train == pytest.approx(1 / 3)


def test_permuted_labels_keep_features_and_prevalence_but_not_the_order():
    task, permuted = Resplits(load("mlc_churn")), Resplits(load("mlc_churn"), alter=permuted_labels)
    for part in ("train", "validation", "test"):
        before, after = getattr(task.split(0), part), getattr(permuted.split(0), part)
        assert torch.equal(before.features, after.features)
        assert before.labels.sum() == after.labels.sum()
        agreement = int((before.labels == after.labels).sum())
        share = before.labels.mean().item() ** 2 + (1 - before.labels.mean().item()) ** 2
        assert binom.ppf(1e-6, len(before), share) < agreement < binom.ppf(1 - 1e-6, len(before), share)
    assert permuted.name == "mlc_churn, permuted labels"


Y = torch.tensor([0.0, 1.0], dtype=torch.float64)
X = torch.zeros(2, 1, dtype=torch.float64)


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (X.float(), Y, "features is of type torch.float32; expected a tensor of torch.float64"),
        (X, Y.int(), "labels is of type torch.int32"),
        (X, [0.0, 1.0], "labels is of type list"),
        (torch.zeros(3, 1).double(), Y, r"features has shape \(3, 1\) and labels \(2,\)"),
        (X[:, 0], Y, r"expected \[rows, columns\] and \[rows\]"),
        (torch.tensor([[0.0, 1.0], [0.0, torch.nan]]).double(), Y, "first in column 1"),
        (X, Y / 2, "expected 0 and 1 only"),
        (X, Y + 1, "expected 0 and 1 only"),
        (X, Y * 0, "only the class 0.0"),
    ],
)
def test_a_part_refuses_what_cannot_be_trained_on(features, labels, message):
    with pytest.raises(ValueError, match=message):
        Part(features, labels)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1"])
def test_a_seed_is_a_natural_number(seed):
    with pytest.raises(ValueError, match=r"seed is .*; expected an integer of at least 0"):
        generator("test", seed)


def test_experiments_and_seeds_have_streams_of_their_own():
    draws = {(name, seed): tuple(generator(name, seed).random(3)) for name in ("a", "b") for seed in (0, 1)}
    assert len(set(draws.values())) == 4
    assert draws["a", 0] == tuple(generator("a", 0).random(3))
