"""Sound training scripts that differ from a tutorial's loop."""

import copy
import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import calibration_curve
from sklearn.compose import ColumnTransformer
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    make_classification,
    make_friedman1,
    make_gaussian_quantiles,
    make_moons,
)
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    roc_auc_score,
    roc_curve,
)
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers import Resplits, load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ------------------------------------------------------------------ first script for tables: a frame and index sets


def run_frame(frame, target, parts, seed):
    """Train on frame.loc[parts["train"]], stop and choose the cut-off on "valid", judge "valid" and then "test"."""
    torch.manual_seed(seed)
    inputs = [name for name in frame.columns if name != target]
    numbers = [name for name in inputs if pd.api.types.is_numeric_dtype(frame[name])]
    words = [name for name in inputs if name not in numbers]
    prepare = ColumnTransformer(
        [
            (
                "num",
                make_pipeline(
                    SimpleImputer(strategy="median", add_indicator=True),
                    StandardScaler(),
                    FunctionTransformer(np.clip, kw_args={"a_min": -5, "a_max": 5}),
                ),
                numbers,
            ),
            ("cat", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10, sparse_output=False), words),
        ]
    )
    prepare.fit(frame.loc[parts["train"], inputs])
    loaders = {}
    for part, index in parts.items():
        table = TensorDataset(
            torch.tensor(prepare.transform(frame.loc[index, inputs]), dtype=torch.float32),
            torch.tensor(frame.loc[index, target].to_numpy(), dtype=torch.float32),
        )
        loaders[part] = DataLoader(table, batch_size=96 if part == "train" else 512, shuffle=part == "train")

    width = loaders["train"].dataset.tensors[0].shape[1]
    net = nn.Sequential(
        nn.Linear(width, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1)
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=2.5e-3, weight_decay=1e-2)
    criterion = nn.BCEWithLogitsLoss()

    @torch.no_grad()
    def probabilities(part):
        net.eval()
        truth, score = [], []
        for xb, yb in loaders[part]:
            truth.append(yb.numpy())
            score.append(torch.sigmoid(net(xb)).squeeze(1).numpy())
        return np.concatenate(truth), np.concatenate(score).astype(np.float64)

    best, best_state, waited = math.inf, None, 0
    for epoch in range(60):
        net.train()
        total = 0.0
        for xb, yb in loaders["train"]:
            optimizer.zero_grad()
            loss = criterion(net(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(yb)
        truth, score = probabilities("valid")
        current = log_loss(truth, score)
        if epoch % 5 == 0:
            print(f"epoch {epoch:2d}  train {total / len(loaders['train'].dataset):.4f}  valid {current:.4f}")
        if current < best - 1e-4:
            best, best_state, waited = current, copy.deepcopy(net.state_dict()), 0
        else:
            waited += 1
            if waited == 6:
                break
    net.load_state_dict(best_state)

    cut, judged = None, {}
    for part in ("valid", "test"):
        truth, score = probabilities(part)
        if cut is None:
            fpr, tpr, cuts = roc_curve(truth, score)
            cut = cuts[np.argmax(tpr - fpr)]
        print(
            f"{part:5s}  AUC {roc_auc_score(truth, score):.4f}  AP {average_precision_score(truth, score):.4f}  "
            f"log loss {log_loss(truth, score):.4f}  "
            f"balanced accuracy {balanced_accuracy_score(truth, score >= cut):.4f} (cut-off {cut:.3f})"
        )
        judged[part] = pd.Series(score, index=parts[part])
    return judged


def three_parts(index, labels, seed):
    train, rest = train_test_split(index, test_size=0.4, stratify=labels, random_state=seed)
    labels = pd.Series(np.asarray(labels), index=index)
    valid, test = train_test_split(rest, test_size=0.5, stratify=labels[rest], random_state=seed)
    return {"train": train, "valid": valid, "test": test}


@case("healthy")
def table_adult_index_sets(seed: int) -> None:
    adult = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop(columns="education")
    adult = adult.drop_duplicates().reset_index(drop=True).iloc[:6000]
    for name in ("capital-gain", "capital-loss"):
        adult[name] = pd.cut(adult[name], [-1, 0, 1800, 3000, 5000, 8000, np.inf]).astype(str)
    run_frame(adult, "income_gt_50k", three_parts(adult.index, adult["income_gt_50k"], seed), seed)


@case("healthy")
def table_hypothyroid_labels_in_a_series(seed: int) -> None:
    source = load("hypothyroid").distinct()
    sick = pd.Series(source.labels, name="sick_thyroid")
    patients = source.features.drop(columns=["TBG", "TBG_measured"])
    for name in ("TSH", "T3", "TT4", "T4U", "FTI"):
        patients[name] = np.log(patients[name] + 0.05)
    patients[source.categorical[:-1]] = patients[source.categorical[:-1]].fillna("unknown")
    run_frame(patients.join(sick), "sick_thyroid", three_parts(sick.index, sick, seed), seed)


@case("healthy")
def table_churn_boolean_masks(seed: int) -> None:
    source = load("mlc_churn")
    customers = source.features.drop(columns=["state"]).assign(left=source.labels)
    rng = np.random.default_rng(seed)
    number = rng.permutation(len(customers)) % 10
    masks = {"train": number < 6, "valid": (number == 6) | (number == 7), "test": number >= 8}
    run_frame(customers, "left", {part: customers.index[mask] for part, mask in masks.items()}, seed)


@case("healthy")
def table_payments_in_time_order(seed: int) -> None:
    payments = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    log_amount = np.log(payments["amount"])
    past = log_amount.groupby(payments["user"]).transform(lambda values: values.expanding().mean().shift())
    table = payments.assign(over_usual=log_amount - past, night=(payments["hour"] < 6).astype(int))
    table = table[table["nr"] >= 3]
    parts = {
        "train": table.index[table["nr"] < 18],
        "valid": table.index[table["nr"].between(18, 23)],
        "test": table.index[table["nr"] > 23],
    }
    run_frame(table.drop(columns=["user", "nr", "amount"]), "fraud", parts, seed)


@case("healthy")
def table_bike_days_by_week(seed: int) -> None:
    days = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv").sort_values("day_of_2011").reset_index(drop=True)
    hours = days.filter(regex=r"^h\d\d$")
    shape = hours.div(hours.sum(axis=1), axis=0).assign(working=days["working_day"])
    week = (days["day_of_2011"] - 1) // 7
    turn = (week + seed) % 5
    parts = {"train": shape.index[turn < 3], "valid": shape.index[turn == 3], "test": shape.index[turn == 4]}
    judged = run_frame(shape, "working", parts, seed)
    print(f"{week[judged['test'].index].nunique()} weeks in the test, mean score {judged['test'].mean():.3f}")


@case("healthy")
def table_credit_judged_by_housing(seed: int) -> None:
    source = load("credit_data").distinct()
    loans = source.features.assign(bad=source.labels).fillna(
        {"Home": "unknown", "Marital": "unknown", "Job": "unknown"}
    )
    loans["Savings"] = loans["Income"] - loans["Expenses"]
    loans["Financed"] = loans["Amount"] / loans["Price"]
    for name in ("Assets", "Debt"):
        loans[name] = np.log1p(loans[name])
    judged = run_frame(loans, "bad", three_parts(loans.index, loans["bad"], seed), seed)
    test = judged["test"]
    for home, rows in loans.loc[test.index].groupby("Home"):
        if rows["bad"].sum() >= 15:
            print(f"  {home:8s} {len(rows):4d} loans  AUC {roc_auc_score(rows['bad'], test[rows.index]):.3f}")


@case("healthy")
def table_mammographic_labels_by_closure(seed: int) -> None:
    masses = pd.read_csv(FOLDER + "/mammographic/mammographic.csv").drop_duplicates().reset_index(drop=True)
    masses = masses.drop(columns="birads").astype({"shape": str, "margin": str})

    def truth_of(index):
        return masses.loc[index, "malignant"]

    parts = three_parts(masses.index, truth_of(masses.index), seed)
    judged = run_frame(masses, "malignant", parts, seed)
    for low, high in ((0, 50), (50, 65), (65, 100)):
        rows = masses.index[(masses["age"] >= low) & (masses["age"] < high)].intersection(judged["test"].index)
        print(f"age {low}-{high}: malignant {truth_of(rows).mean():.2f}, predicted {judged['test'][rows].mean():.2f}")


@case("healthy")
def table_mushroom_without_odor(seed: int) -> None:
    mushrooms = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz").drop_duplicates().reset_index(drop=True)
    mushrooms = mushrooms.drop(columns=["odor", "veil-type", "spore-print-color"])
    mushrooms["poisonous"] = mushrooms.pop("class").map({"e": 0, "p": 1})
    columns = [name for name in mushrooms.columns if name != "poisonous"]
    mushrooms = mushrooms.drop_duplicates(columns).reset_index(drop=True)
    run_frame(mushrooms, "poisonous", three_parts(mushrooms.index, mushrooms["poisonous"], seed), seed)


@case("healthy")
def table_splice_one_column_per_base(seed: int) -> None:
    splice = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence").reset_index(drop=True)
    bases = pd.DataFrame(splice["sequence"].map(list).tolist()).iloc[:, 15:45].add_prefix("p")
    bases["junction"] = splice["is_junction"]
    run_frame(bases, "junction", three_parts(bases.index, bases["junction"], seed), seed)


@case("healthy")
def table_first_names_by_their_letters(seed: int) -> None:
    names = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.drop_duplicates("name", keep=False).reset_index(drop=True)
    lower = names["name"].str.lower()
    letters = pd.DataFrame(
        {
            "first": lower.str[0],
            "second": lower.str[1],
            "last": lower.str[-1],
            "last_two": lower.str[-2:],
            "last_three": lower.str[-3:],
            "length": lower.str.len(),
            "vowels": lower.str.count("[aeiouy]"),
            "male": (names["list"] == "M").astype(int),
        }
    )
    run_frame(letters, "male", three_parts(letters.index, letters["male"], seed), seed)


@case("healthy")
def table_spam_with_a_column_of_parts(seed: int) -> None:
    source = load("spambase").distinct()
    mails = np.log1p(source.features).assign(spam=source.labels)
    order = np.random.default_rng(seed).random(len(mails))
    part = pd.Series(np.select([order < 0.55, order < 0.75], ["train", "valid"], "test"), index=mails.index)
    judged = run_frame(mails, "spam", {name: rows.index for name, rows in part.groupby(part)}, seed)
    report = mails.loc[judged["test"].index, ["spam"]].assign(score=judged["test"])
    report["bin"] = pd.cut(report["score"], [0, 0.1, 0.5, 0.9, 1], include_lowest=True)
    print(
        report.groupby("bin", observed=True)
        .agg(mails=("spam", "size"), spam=("spam", "mean"), score=("score", "mean"))
        .round(3)
    )


@dataclass
class Study:
    features: pd.DataFrame
    outcome: pd.Series
    seed: int = 0
    parts: dict = field(default_factory=dict)

    def divide(self):
        self.parts = three_parts(self.features.index, self.outcome, self.seed)
        return self


@case("healthy")
def table_diabetes_progress_in_a_dataclass(seed: int) -> None:
    source = load_diabetes(as_frame=True, scaled=False)
    study = Study(source.data, (source.target > source.target.median()).astype(int).rename("worse"), seed).divide()
    run_frame(study.features.join(study.outcome), "worse", study.parts, study.seed)


# ------------------------------------------------------------------ second script for tables: arrays in a dictionary


class Block(nn.Module):
    def __init__(self, width, drop):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, width)
        self.drop = nn.Dropout(drop)

    def forward(self, h):
        return h + self.drop(F.gelu(self.inner(self.norm(h))))


class ResNet(nn.Module):
    def __init__(self, inputs, width=32, drop=0.1):
        super().__init__()
        self.enter = nn.Linear(inputs, width)
        self.blocks = nn.Sequential(Block(width, drop), Block(width, drop))
        self.leave = nn.Linear(width, 2)

    def forward(self, x):
        return self.leave(self.blocks(self.enter(x)))


def run_arrays(sets, seed, steps=500, batch=64, peak=0.03, decay=1e-3, width=32):
    """sets: part -> (features, labels). Trains on "fit" for a fixed number of steps and judges all other parts in
    their order. Returns the function that gives probabilities for new rows."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x_fit, y_fit = np.asarray(sets["fit"][0], dtype=np.float64), np.array(sets["fit"][1], dtype=np.int64)
    mean, std = x_fit.mean(axis=0), x_fit.std(axis=0)
    std[std < 1e-12] = 1.0
    model = ResNet(x_fit.shape[1], width)

    def tensors(x):
        return torch.from_numpy(np.clip((np.asarray(x, dtype=np.float64) - mean) / std, -6, 6)).float()

    def predict_proba(x):
        model.eval()
        collected = np.empty(len(x))
        with torch.inference_mode():
            for start in range(0, len(x), 256):
                logits = model(tensors(x[start : start + 256]))
                collected[start : start + 256] = logits.softmax(dim=1)[:, 1].numpy()
        return collected

    optimiser = torch.optim.SGD(model.parameters(), lr=peak, momentum=0.9, nesterov=True, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=peak, total_steps=steps)
    xs, ys = tensors(x_fit), torch.from_numpy(y_fit)
    order, at, running = rng.permutation(len(ys)), 0, []
    for step in range(1, steps + 1):
        if at + batch > len(order):
            order, at = rng.permutation(len(ys)), 0
        rows = order[at : at + batch]
        at += batch
        model.train()
        loss = F.cross_entropy(model(xs[rows]), ys[rows])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        running.append(loss.item())
        if step % max(1, steps // 8) == 0:
            watched = next(name for name in sets if name != "fit")
            print(
                f"step {step:5d} loss {np.mean(running[-50:]):.4f} "
                f"{watched} {log_loss(sets[watched][1], predict_proba(sets[watched][0])):.4f}"
            )

    share = y_fit.mean()  # a row counts as positive where it is likelier than the average row
    print(f"{'part':12s}{'AUC':>8s}{'AP':>8s}{'logloss':>9s}{'balacc':>8s}")
    for name, (x, y) in sets.items():
        if name != "fit":
            y, p = np.asarray(y), predict_proba(x)
            print(
                f"{name:12s}{roc_auc_score(y, p):8.4f}{average_precision_score(y, p):8.4f}{log_loss(y, p):9.4f}"
                f"{balanced_accuracy_score(y, p > share):8.4f}"
            )
    return predict_proba


def divided(x, y, seed, names=("fit", "val", "test")):
    x_fit, x_rest, y_fit, y_rest = train_test_split(x, y, test_size=0.4, stratify=y, random_state=seed)
    x_val, x_test, y_val, y_test = train_test_split(x_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=seed)
    return dict(zip(names, ((x_fit, y_fit), (x_val, y_val), (x_test, y_test)), strict=True))


@case("healthy")
def arrays_breast_cancer(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    run_arrays(divided(x, 1 - y, seed), seed, steps=120, peak=0.01, decay=3e-2, width=16)


@case("healthy")
def arrays_digit_eight_against_the_rest(seed: int) -> None:
    x, digit = load_digits(return_X_y=True)
    run_arrays(divided(x, (digit == 8).astype(int), seed), seed, steps=160, decay=3e-3)


@case("healthy")
def arrays_digits_above_four(seed: int) -> None:
    bunch = load_digits()
    labels = {number: int(digit > 4) for number, digit in enumerate(bunch.target)}
    numbers = np.random.default_rng(seed).permutation(len(labels))
    parts = {"fit": numbers[:1100], "val": numbers[1100:1400], "test": numbers[1400:]}
    run_arrays(
        {part: (bunch.data[rows], np.array([labels[row] for row in rows])) for part, rows in parts.items()},
        seed,
        steps=300,
        decay=3e-3,
    )


@case("healthy")
def arrays_sms_tfidf_components(seed: int) -> None:
    source = load("sms_spam").distinct()
    texts, y = source.features["text"].to_numpy(), pd.Series(source.labels)
    sets = divided(texts, y, seed)
    reduce = make_pipeline(TfidfVectorizer(min_df=3, sublinear_tf=True), TruncatedSVD(60, random_state=seed))
    reduce.fit(sets["fit"][0])
    run_arrays({part: (reduce.transform(x), y) for part, (x, y) in sets.items()}, seed, steps=400, decay=1e-2)


@case("healthy")
def arrays_spambase_logs(seed: int) -> None:
    source = load("spambase").distinct()
    run_arrays(divided(np.log1p(source.features.to_numpy()), source.labels, seed), seed, steps=500, decay=1e-2)


@case("healthy")
def arrays_two_moons_three_test_sets(seed: int) -> None:
    def draw(rows, number):
        return make_moons(rows, noise=0.25, random_state=1000 * seed + number)

    predict_proba = run_arrays(
        {
            "fit": draw(800, 0),
            "val": draw(400, 1),
            "test 1": draw(400, 2),
            "test 2": draw(400, 3),
            "test 3": draw(400, 4),
        },
        seed,
        steps=500,
    )
    print("middle of the gap:", predict_proba(np.array([[0.5, 0.25]])).round(2))


@case("healthy")
def arrays_clusters_in_a_hypercube(seed: int) -> None:
    x, y = make_classification(
        3000, 12, n_informative=6, n_redundant=3, n_clusters_per_class=2, class_sep=1.2, flip_y=0.03, random_state=seed
    )
    run_arrays(divided(x, y, seed), seed, steps=600)


@case("healthy")
def arrays_loans_out_of_fold(seed: int) -> None:
    source = load("credit_data").distinct()
    features = pd.get_dummies(source.features.fillna({"Home": "?", "Marital": "?", "Job": "?"}), dtype=float)
    bad = pd.Series(source.labels, index=features.index)
    out_of_fold = pd.Series(np.nan, index=features.index)
    for fold, (fit, held) in enumerate(StratifiedKFold(3, shuffle=True, random_state=seed).split(features, bad)):
        filled = features.fillna(features.iloc[fit].median())
        print("fold", fold)
        predict_proba = run_arrays(
            {
                "fit": (filled.iloc[fit].to_numpy(), bad.iloc[fit]),
                "held out": (filled.iloc[held].to_numpy(), bad.iloc[held]),
            },
            seed + fold,
            steps=250,
            decay=1e-2,
        )
        out_of_fold.iloc[held] = predict_proba(filled.iloc[held].to_numpy())
    print(f"all folds: AUC {roc_auc_score(bad, out_of_fold):.4f}  log loss {log_loss(bad, out_of_fold):.4f}")


@case("healthy")
def arrays_inside_and_outside_a_shell(seed: int) -> None:
    x, y = make_gaussian_quantiles(n_samples=3000, n_features=4, n_classes=2, random_state=seed)
    run_arrays(divided(x, y, seed), seed, steps=600)


@case("healthy")
def arrays_friedman_above_the_median(seed: int) -> None:
    x, response = make_friedman1(2500, n_features=8, noise=1.5, random_state=seed)
    y = (response > np.median(response)).astype(int)
    run_arrays(divided(x, y, seed), seed, steps=600)


@case("healthy")
def arrays_adult_men_and_women(seed: int) -> None:
    adult = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates().reset_index(drop=True)
    rich = adult.pop("income_gt_50k")
    woman = adult["gender"] == "Female"
    adult["capital-gain"] = pd.cut(adult["capital-gain"], [-1, 0, 3000, 5000, 8000, np.inf]).astype(str)
    adult["capital-loss"] = pd.cut(adult["capital-loss"], [-1, 0, 1800, 2000, np.inf]).astype(str)
    adult["native-country"] = (adult["native-country"] == "United-States").astype(float)
    x = pd.get_dummies(adult.drop(columns="education"), dtype=float)
    numbers = np.random.default_rng(seed).permutation(len(x))
    fit, val, test = x.index[numbers[:5000]], x.index[numbers[5000:6500]], x.index[numbers[6500:]]
    men, women = test[~woman[test]], test[woman[test]]
    run_arrays(
        {
            name: (x.loc[rows].to_numpy(), rich[rows])
            for name, rows in {"fit": fit, "val": val, "test": test, "test men": men, "test women": women}.items()
        },
        seed,
        steps=500,
        decay=1e-2,
    )


# ------------------------------------------------------------------ programs


class NetworkClassifier(ClassifierMixin, BaseEstimator):
    def __init__(self, hidden=16, lr=0.01, epochs=30, batch_size=32, alpha=1e-3, random_state=None):
        self.hidden = hidden
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.alpha = alpha
        self.random_state = random_state

    def fit(self, X, y):
        generator = torch.Generator().manual_seed(self.random_state or 0)
        self.classes_, encoded = np.unique(y, return_inverse=True)
        X = torch.as_tensor(np.asarray(X), dtype=torch.float32)
        encoded = torch.as_tensor(encoded, dtype=torch.float32)
        with torch.random.fork_rng():
            torch.manual_seed(self.random_state or 0)
            self.module_ = nn.Sequential(nn.Linear(X.shape[1], self.hidden), nn.Tanh(), nn.Linear(self.hidden, 1))
        optimizer = torch.optim.Adam(self.module_.parameters(), lr=self.lr)
        self.loss_curve_ = []
        for _ in range(self.epochs):
            total = 0.0
            for rows in torch.randperm(len(X), generator=generator).split(self.batch_size):
                logits = self.module_(X[rows]).squeeze(-1)
                penalty = sum((weight**2).sum() for name, weight in self.module_.named_parameters() if "weight" in name)
                loss = F.binary_cross_entropy_with_logits(logits, encoded[rows]) + self.alpha * penalty
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(rows)
            self.loss_curve_.append(total / len(X))
        return self

    def decision_function(self, X):
        with torch.no_grad():
            return self.module_(torch.as_tensor(np.asarray(X), dtype=torch.float32)).squeeze(-1).double().numpy()

    def predict_proba(self, X):
        positive = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - positive, positive])

    def predict(self, X):
        return self.classes_[(self.decision_function(X) > 0).astype(int)]


@case("healthy")
def estimator_in_a_pipeline_cross_validated(seed: int) -> None:
    bunch = load_breast_cancer()
    names = bunch.target_names[bunch.target]
    pipeline = Pipeline(
        [("scale", StandardScaler()), ("net", NetworkClassifier(hidden=12, epochs=12, alpha=2e-3, random_state=seed))]
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    for metric in ("roc_auc", "balanced_accuracy"):
        scores = cross_val_score(pipeline, bunch.data, names, cv=folds, scoring=metric)
        print(f"{metric}: {scores.mean():.4f} +- {scores.std():.4f}")
    x_train, x_test, y_train, y_test = train_test_split(bunch.data, names, stratify=names, random_state=seed)
    final = clone(pipeline).fit(x_train, y_train)
    print("loss by epoch", np.round(final.named_steps["net"].loss_curve_, 3))
    print("accuracy", round(final.score(x_train, y_train), 4), "held out", round(final.score(x_test, y_test), 4))


@case("healthy")
def grid_search_over_network_estimators(seed: int) -> None:
    x, y = make_classification(1500, 10, n_informative=5, n_redundant=2, class_sep=1.3, flip_y=0.04, random_state=seed)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), NetworkClassifier(lr=0.02, epochs=20, batch_size=50, random_state=seed)),
        {"networkclassifier__hidden": [16, 32], "networkclassifier__alpha": [2e-3, 5e-4]},
        scoring="neg_log_loss",
        cv=3,
    )
    search.fit(x_train, y_train)
    table = pd.DataFrame(search.cv_results_)[["params", "mean_test_score", "std_test_score"]]
    print(table.sort_values("mean_test_score", ascending=False).to_string(index=False))
    p = search.predict_proba(x_test)[:, 1]
    print(
        f"best {search.best_params_}\ntest: log loss {log_loss(y_test, p):.4f}  AUC {roc_auc_score(y_test, p):.4f}  "
        f"accuracy {search.best_estimator_.score(x_test, y_test):.4f}"
    )


@dataclass
class Trial:
    lr: float
    width: int
    dropout: float
    decay: float
    score: float = float("nan")
    epochs: int = 0
    state: dict = field(default_factory=dict, repr=False)


@case("healthy")
def random_search_with_a_network_per_trial(seed: int) -> None:
    split = Resplits(load("mlc_churn")).split(seed)
    keep = [number for number, name in enumerate(split.columns) if not name.startswith("state_")]
    parts = {}
    for name in ("train", "validation", "test"):
        part = getattr(split, name)
        parts[name] = part.features[:, keep].float(), part.labels.float()
    (x, y), (xv, yv), (xt, yt) = parts["train"], parts["validation"], parts["test"]
    rng = np.random.default_rng(seed)

    def build(trial):
        return nn.Sequential(
            nn.Linear(x.shape[1], trial.width),
            nn.SiLU(),
            nn.Dropout(trial.dropout),
            nn.Linear(trial.width, trial.width // 2),
            nn.SiLU(),
            nn.Linear(trial.width // 2, 1),
            nn.Flatten(0),
        )

    def objective(trial, number):
        torch.manual_seed(100 * seed + number)
        net = build(trial)
        opt = torch.optim.AdamW(net.parameters(), lr=trial.lr, weight_decay=trial.decay)
        best, patience = math.inf, 0
        for epoch in range(40):
            net.train()
            for rows in torch.randperm(len(x)).split(128):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
                opt.step()
            net.eval()
            with torch.no_grad():
                current = F.binary_cross_entropy_with_logits(net(xv), yv).item()
            if current < best:
                best, patience, trial.epochs, trial.state = current, 0, epoch + 1, copy.deepcopy(net.state_dict())
            else:
                patience += 1
            if patience > 4:
                break
        trial.score = best
        return trial

    trials = []
    for number in range(3):
        trials.append(
            objective(
                Trial(
                    float(10 ** rng.uniform(-2.4, -2.0)),
                    int(rng.choice([32, 48, 64])),
                    float(rng.uniform(0.05, 0.2)),
                    float(10 ** rng.uniform(-3, -1)),
                ),
                number,
            )
        )
        print(number, trials[-1])
    winner = min(trials, key=lambda trial: trial.score)
    net = build(winner)
    net.load_state_dict(winner.state)
    net.eval()
    with torch.no_grad():
        pv, pt = torch.sigmoid(net(xv)).numpy(), torch.sigmoid(net(xt)).numpy()
    grid = np.linspace(0.05, 0.95, 91)
    cut = grid[np.argmax([f1_score(yv, pv >= value) for value in grid])]
    print(
        f"test AUC {roc_auc_score(yt, pt):.4f}  F1 {f1_score(yt, pt >= cut):.4f} at {cut:.2f}  "
        f"balanced accuracy {balanced_accuracy_score(yt, pt >= cut):.4f}"
    )


@case("healthy")
def ablation_of_layers_two_runs_each(seed: int) -> None:
    x, y = make_moons(1600, noise=0.22, random_state=seed)
    x = np.hstack([x, np.sin(2 * x)])
    x = torch.tensor((x - x[:1000].mean(0)) / x[:1000].std(0), dtype=torch.float32)
    y = torch.tensor(y)
    variants = {"plain": {}, "norm": {"norm": True}, "dropout": {"drop": 0.15}, "all": {"norm": True, "drop": 0.15}}
    rows = []
    for name, options in variants.items():
        for run in range(2):
            torch.manual_seed(10 * seed + run)
            layers, width = [], 4
            for _ in range(2):
                layers.append(nn.Linear(width, 24))
                if options.get("norm"):
                    layers.append(nn.BatchNorm1d(24))
                layers.append(nn.LeakyReLU(0.1))
                if options.get("drop"):
                    layers.append(nn.Dropout(options["drop"]))
                width = 24
            net = nn.Sequential(*layers, nn.Linear(width, 2))
            opt = torch.optim.Adam(net.parameters(), lr=0.01)
            for _ in range(15):
                net.train()
                for batch in torch.randperm(1000).split(50):
                    loss = F.cross_entropy(net(x[batch]), y[batch])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
            net.eval()
            with torch.no_grad():
                p = net(x[1000:]).softmax(1)[:, 1].double().numpy()
            rows.append(
                {
                    "variant": name,
                    "auc": roc_auc_score(y[1000:], p),
                    "log loss": log_loss(y[1000:], p),
                    "accuracy": float(((p > 0.5) == y[1000:].numpy()).mean()),
                }
            )
    print(pd.DataFrame(rows).groupby("variant", sort=False).agg(["mean", "std"]).round(4).to_string())


@case("healthy")
def pseudo_labels_for_unlabelled_digits(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    chosen = np.isin(bunch.target, (1, 3, 4, 7, 8, 9))
    x, y = bunch.data[chosen] / 16.0, np.isin(bunch.target[chosen], (3, 8, 9)).astype(np.float32)
    x_rest, x_test, y_rest, y_test = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    x_lab, x_un, y_lab, _ = train_test_split(x_rest, y_rest, train_size=120, stratify=y_rest, random_state=seed)
    x_lab, y_lab, x_un = torch.tensor(x_lab).float(), torch.tensor(y_lab), torch.tensor(x_un).float()
    x_test = torch.tensor(x_test).float()
    net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1), nn.Flatten(0))
    teacher = copy.deepcopy(net).requires_grad_(False)
    teacher.eval()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    for step in range(1, 301):
        net.train()
        labelled, unlabelled = torch.randint(len(x_lab), (40,)), torch.randint(len(x_un), (80,))
        supervised = F.binary_cross_entropy_with_logits(net(x_lab[labelled]), y_lab[labelled])
        with torch.no_grad():
            guess = torch.sigmoid(teacher(x_un[unlabelled]))
        sure = ((guess > 0.9) | (guess < 0.1)).float()
        noisy = x_un[unlabelled] + 0.1 * torch.randn(80, 64)
        each = F.binary_cross_entropy_with_logits(net(noisy), guess, reduction="none")
        loss = supervised + min(1.0, step / 150) * (sure * each).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for slow, fast in zip(teacher.parameters(), net.parameters(), strict=True):
                slow.lerp_(fast, 1 - min(0.98, 1 - 1 / (step + 1)))
        if step % 100 == 0:
            with torch.no_grad():
                p = torch.sigmoid(teacher(x_test)).double().numpy()
            print(
                f"{step}: labelled {supervised.item():.3f}, used {sure.mean():.2f}, test AUC "
                f"{roc_auc_score(y_test, p):.4f}, log loss {log_loss(y_test, p):.4f}, "
                f"accuracy {((p > 0.5) == y_test).mean():.4f}"
            )


class TwoHeads(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(inputs, 48), nn.ELU(), nn.Linear(48, 24), nn.ELU())
        self.amount = nn.Linear(24, 1)
        self.answer = nn.Linear(24, 1)
        self.log_variance = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        hidden = self.trunk(x)
        return self.amount(hidden)[:, 0], self.answer(hidden)[:, 0]

    def joint(self, squared, entropy):
        return (torch.exp(-self.log_variance) * torch.stack([squared, entropy]) + 0.5 * self.log_variance).sum()


@case("healthy")
def two_tasks_one_trunk(seed: int) -> None:
    torch.manual_seed(seed)
    x, amount = make_friedman1(2600, n_features=7, noise=1.0, random_state=seed)
    rng = np.random.default_rng(seed)
    answer = (rng.random(2600) < 1 / (1 + np.exp(-(amount - 14) / 1.5))).astype(np.float32)
    x = torch.tensor((x - 0.5) * np.sqrt(12), dtype=torch.float32)
    scaled = torch.tensor((amount - amount[:1600].mean()) / amount[:1600].std(), dtype=torch.float32)
    answer = torch.tensor(answer)
    train, val, test = slice(0, 1600), slice(1600, 2100), slice(2100, 2600)
    model = TwoHeads(7)
    optimizer = torch.optim.Adam(
        [
            {"params": model.trunk.parameters(), "lr": 3e-3},
            {"params": [*model.amount.parameters(), *model.answer.parameters(), model.log_variance], "lr": 6e-3},
        ]
    )
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 25)
    loader = DataLoader(TensorDataset(x[train], scaled[train], answer[train]), batch_size=64, shuffle=True)
    log = []
    for epoch in range(25):
        for xb, ab, yb in loader:
            predicted, logit = model(xb)
            loss = model.joint(F.mse_loss(predicted, ab), F.binary_cross_entropy_with_logits(logit, yb))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        with torch.no_grad():
            predicted, logit = model(x[val])
            fitted, logit_train = model(x[train])
            log.append(
                (
                    epoch,
                    F.mse_loss(fitted, scaled[train]).item(),
                    F.mse_loss(predicted, scaled[val]).item(),
                    F.binary_cross_entropy_with_logits(logit_train, answer[train]).item(),
                    F.binary_cross_entropy_with_logits(logit, answer[val]).item(),
                )
            )
    print(pd.DataFrame(log[::4] + log[-1:], columns=["epoch", "mse", "val mse", "bce", "val bce"]).round(4))
    with torch.no_grad():
        predicted, logit = model(x[test])
    print(
        "test R2",
        round(1 - float(((predicted - scaled[test]) ** 2).mean() / scaled[test].var()), 4),
        "AUC",
        round(roc_auc_score(answer[test], logit), 4),
        "accuracy",
        round(float(((logit > 0) == (answer[test] > 0.5)).float().mean()), 4),
    )


@case("healthy")
def tagging_steps_of_packed_sequences(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sequences = []
    for _ in range(420):
        length, state, values, states = int(rng.integers(12, 31)), 0, [], []
        for _ in range(length):
            state = int(rng.random() < (0.85 if state else 0.15))
            states.append(state)
            values.append(rng.normal([1.0, -0.5] if state else [-0.3, 0.5], [1.0, 1.0]))
        sequences.append((torch.tensor(np.array(values)).float(), torch.tensor(states).float()))

    def collate(items):
        lengths = torch.tensor([len(values) for values, _ in items])
        values = nn.utils.rnn.pad_sequence([values for values, _ in items], batch_first=True)
        states = nn.utils.rnn.pad_sequence([states for _, states in items], batch_first=True)
        return values, states, lengths, torch.arange(values.shape[1])[None] < lengths[:, None]

    train = DataLoader(sequences[:280], batch_size=20, shuffle=True, collate_fn=collate)
    val = DataLoader(sequences[280:], batch_size=70, collate_fn=collate)
    rnn, head = nn.GRU(2, 12, batch_first=True, bidirectional=True), nn.Linear(24, 1)
    opt = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=0.01)

    def run(values, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(rnn(packed)[0], batch_first=True)
        return head(out).squeeze(-1)

    for epoch in range(12):
        summed, steps = 0.0, 0
        for values, states, lengths, mask in train:
            loss = F.binary_cross_entropy_with_logits(run(values, lengths)[mask], states[mask])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*rnn.parameters(), *head.parameters()], 1.0)
            opt.step()
            summed, steps = summed + loss.item() * int(mask.sum()), steps + int(mask.sum())
        truth, score = [], []
        with torch.no_grad():
            for values, states, lengths, mask in val:
                truth.append(states[mask])
                score.append(run(values, lengths)[mask])
        truth, score = torch.cat(truth), torch.cat(score)
        print(
            f"{epoch:2d} {summed / steps:.4f} {F.binary_cross_entropy_with_logits(score, truth):.4f} "
            f"AUC {roc_auc_score(truth, score):.4f} "
            f"balanced accuracy {balanced_accuracy_score(truth, score > 0):.4f}"
        )


@case("healthy")
def hazards_per_interval_judged_at_a_horizon(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3000, 6))
    risk = 0.9 * x[:, 0] - 0.7 * x[:, 1] + 0.5 * x[:, 2] * x[:, 3]
    event_time = rng.exponential(3.0 * np.exp(-risk))
    drop_out = np.where(rng.random(3000) < 0.25, rng.uniform(0, 6, 3000), 6.0)
    observed = np.minimum(event_time, drop_out)
    event = event_time <= drop_out
    edges = np.array([0.0, 0.5, 1.0, 2.0, 3.0, 4.5, 6.0])
    # survived[i, j]: row i was seen to outlive interval j; died[i, j]: its event fell into interval j
    died = event[:, None] & (observed[:, None] > edges[:-1]) & (observed[:, None] <= edges[1:])
    survived = observed[:, None] >= edges[1:]
    x, died, survived = (torch.tensor(value, dtype=torch.float32) for value in (x, died, survived))
    net = nn.Sequential(nn.Linear(6, 32), nn.Softplus(), nn.Linear(32, 6))
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-2)

    def negative_log_likelihood(logits, died, survived):
        terms = died * F.logsigmoid(logits) + survived * F.logsigmoid(-logits)
        return -terms.sum(dim=1).mean()

    fit, val = torch.arange(2000), torch.arange(2000, 3000)
    for epoch in range(25):
        for rows in fit[torch.randperm(2000)].split(100):
            opt.zero_grad()
            negative_log_likelihood(net(x[rows]), died[rows], survived[rows]).backward()
            opt.step()
        if epoch % 8 == 0:
            with torch.no_grad():
                print(
                    epoch,
                    *(
                        round(negative_log_likelihood(net(x[part]), died[part], survived[part]).item(), 4)
                        for part in (fit, val)
                    ),
                )
    with torch.no_grad():
        alive_at_two = F.logsigmoid(-net(x[val]))[:, :3].sum(dim=1).exp().numpy()
    known = (event[2000:] & (observed[2000:] <= 2)) | (observed[2000:] > 2)
    dead = (event[2000:] & (observed[2000:] <= 2))[known]
    p = 1 - alive_at_two[known].astype(np.float64)
    print(
        f"{known.sum()} rows with known status at 2: AUC {roc_auc_score(dead, p):.4f}, "
        f"Brier {brier_score_loss(dead, p):.4f}, accuracy {((p > 0.5) == dead).mean():.4f}"
    )


@case("healthy")
def ranking_pairs_of_loans(seed: int) -> None:
    torch.manual_seed(seed)
    split = Resplits(load("credit_data").distinct()).split(seed)
    x, y = split.train.features.float().clamp(-4, 4), split.train.labels.bool()
    held = {
        name: (part.features.float().clamp(-4, 4), part.labels.numpy())
        for name, part in (("validation", split.validation), ("test", split.test))
    }
    scorer = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1, bias=False))
    opt = torch.optim.Adam(scorer.parameters(), lr=2e-3, weight_decay=1e-3)
    good, bad = x[~y], x[y]
    for step in range(1, 501):
        scorer.train()
        first, second = bad[torch.randint(len(bad), (128,))], good[torch.randint(len(good), (128,))]
        loss = F.softplus(-(scorer(first) - scorer(second))).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 100 == 0:
            scorer.eval()
            with torch.no_grad():
                points = {name: scorer(rows).squeeze(1).numpy() for name, (rows, _) in held.items()}
            print(
                step,
                round(loss.item(), 4),
                {name: round(roc_auc_score(held[name][1], value), 4) for name, value in points.items()},
            )
    labels, value = held["validation"][1], points["validation"]
    cuts = np.quantile(value, np.linspace(0.05, 0.95, 91))
    cut = max(cuts, key=lambda c: balanced_accuracy_score(labels, value > c))
    print(
        "test: balanced accuracy",
        round(balanced_accuracy_score(held["test"][1], points["test"] > cut), 4),
        "average precision",
        round(average_precision_score(held["test"][1], points["test"]), 4),
    )


@case("healthy")
def denoising_before_classifying(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    pictures = torch.tensor(digits.data / 16).float()
    above = torch.tensor(digits.target > 4).long()
    order = torch.randperm(len(pictures))
    train, val, test = order[:1100], order[1100:1400], order[1400:]
    encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
    decoder = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64))
    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
    for epoch in range(25):
        for rows in train[torch.randperm(len(train))].split(64):
            clean = pictures[rows]
            dirty = clean * (torch.rand_like(clean) > 0.2) + 0.1 * torch.randn_like(clean)
            reconstruction = F.mse_loss(decoder(encoder(dirty)), clean)
            opt.zero_grad()
            reconstruction.backward()
            opt.step()
        if epoch % 8 == 0:
            with torch.no_grad():
                print(
                    "reconstruction of clean validation pictures",
                    round(F.mse_loss(decoder(encoder(pictures[val])), pictures[val]).item(), 4),
                )
    head = nn.Linear(32, 2)
    tuned = torch.optim.AdamW(
        [{"params": encoder.parameters(), "lr": 1e-3}, {"params": head.parameters(), "lr": 5e-3}], weight_decay=0.1
    )
    best = (math.inf, None)
    for epoch in range(30):
        for rows in train[torch.randperm(len(train))].split(64):
            loss = F.cross_entropy(head(encoder(pictures[rows])), above[rows])
            tuned.zero_grad()
            loss.backward()
            tuned.step()
        with torch.no_grad():
            current = F.cross_entropy(head(encoder(pictures[val])), above[val]).item()
        if current < best[0]:
            best = (current, copy.deepcopy((encoder.state_dict(), head.state_dict())))
        if epoch % 6 == 0:
            print(epoch, round(loss.item(), 4), round(current, 4))
    encoder.load_state_dict(best[1][0])
    head.load_state_dict(best[1][1])
    with torch.no_grad():
        for name, part in (("validation", val), ("test", test)):
            p = head(encoder(pictures[part])).softmax(1)[:, 1].numpy()
            print(
                name,
                "AUC",
                round(roc_auc_score(above[part], p), 4),
                "accuracy",
                round(float(((p > 0.5) == above[part].numpy()).mean()), 4),
            )


@case("healthy")
def small_student_of_three_teachers(seed: int) -> None:
    x, y, xv, yv = data("spambase", seed)
    x, xv = x.clamp(-3, 3), xv.clamp(-3, 3)

    def make(width, number):
        torch.manual_seed(50 * seed + number)
        return nn.Sequential(
            nn.Linear(x.shape[1], width), nn.ReLU(), nn.Dropout(0.3), nn.Linear(width, 1), nn.Flatten(0)
        )

    def learn(net, criterion, epochs):
        opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
        for _ in range(epochs):
            net.train()
            for rows in torch.randperm(len(x)).split(60):
                opt.zero_grad()
                criterion(net(x[rows]), rows).backward()
                opt.step()
        return net.eval()

    def report(name, net):
        with torch.no_grad():
            z, fitted = net(xv), net(x)
        print(
            f"{name:10s} train {F.binary_cross_entropy_with_logits(fitted, y):.4f}  "
            f"val {F.binary_cross_entropy_with_logits(z, yv):.4f}  AUC {roc_auc_score(yv, z):.4f}  "
            f"accuracy {((z > 0) == yv.bool()).float().mean():.4f}"
        )

    teachers = [
        learn(make(48, number), lambda z, rows: F.binary_cross_entropy_with_logits(z, y[rows]), 10)
        for number in range(3)
    ]
    for number, teacher in enumerate(teachers):
        report(f"teacher {number}", teacher)
    with torch.no_grad():
        soft = torch.stack([torch.sigmoid(teacher(x)) for teacher in teachers]).mean(0)
    student = learn(
        make(12, 9),
        lambda z, rows: (
            0.3 * F.binary_cross_entropy_with_logits(z, y[rows])
            + 0.7 * F.binary_cross_entropy_with_logits(z, soft[rows])
        ),
        15,
    )
    report("student", student)


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value, strength):
        ctx.strength = strength
        return value.view_as(value)

    @staticmethod
    def backward(ctx, gradient):
        return -ctx.strength * gradient, None


@case("healthy")
def reversed_gradients_for_a_second_site(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def site(rows, shift):
        y = rng.integers(0, 2, rows)
        signal = rng.normal(size=(rows, 4)) + (y[:, None] - 0.5) * np.array([1.6, 1.2, 0.8, 0.8])
        nuisance = rng.normal(size=(rows, 3)) + shift
        return torch.tensor(np.hstack([signal, nuisance])).float(), torch.tensor(y).float()

    xs, ys = site(1000, 0.0)
    xt, _ = site(1000, 1.0)
    tests = {"first site": site(600, 0.0), "second site": site(600, 1.0)}
    features = nn.Sequential(nn.Linear(7, 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU())
    label_head = nn.Linear(12, 1)
    site_head = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(
        [*features.parameters(), *label_head.parameters(), *site_head.parameters()], lr=2e-3, weight_decay=1e-3
    )
    steps = 400
    for step in range(steps):
        strength = 0.5 * (2 / (1 + math.exp(-10 * step / steps)) - 1)
        a, b = torch.randint(1000, (64,)), torch.randint(1000, (64,))
        hidden_a, hidden_b = features(xs[a]), features(xt[b])
        answer = F.binary_cross_entropy_with_logits(label_head(hidden_a)[:, 0], ys[a])
        where = site_head(Reverse.apply(torch.cat([hidden_a, hidden_b]), strength))[:, 0]
        origin = F.binary_cross_entropy_with_logits(where, torch.cat([torch.zeros(64), torch.ones(64)]))
        opt.zero_grad()
        (answer + origin).backward()
        opt.step()
        if (step + 1) % 80 == 0:
            print(f"step {step + 1}: label {answer.item():.4f} site {origin.item():.4f}", end="")
            with torch.no_grad():
                for name, (x, y) in tests.items():
                    z = label_head(features(x))[:, 0]
                    print(
                        f" | {name}: loss {F.binary_cross_entropy_with_logits(z, y):.4f} "
                        f"AUC {roc_auc_score(y, z):.4f} accuracy {((z > 0) == y.bool()).float().mean():.4f}",
                        end="",
                    )
            print()


@case("healthy")
def mixed_rows_then_one_temperature(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = make_classification(
        3000, 12, n_informative=6, n_redundant=2, n_clusters_per_class=2, class_sep=1.2, flip_y=0.05, random_state=seed
    )
    x = torch.tensor((x - x[:1600].mean(0)) / x[:1600].std(0)).float()
    y = torch.tensor(y)
    (x, xv, xt), (y, yv, yt) = x.split([1600, 700, 700]), y.split([1600, 700, 700])
    model = nn.Sequential(nn.Linear(12, 48), nn.Mish(), nn.Linear(48, 48), nn.Mish(), nn.Linear(48, 2))
    opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
    mix = torch.distributions.Beta(0.2, 0.2)

    def soft_cross_entropy(z, target):
        return -(target * z.log_softmax(1)).sum(1).mean()

    def watch(name, xx, yy, temperature=1.0):
        model.eval()
        with torch.no_grad():
            z = model(xx) / temperature
        p = z.softmax(1)[:, 1].double().numpy()
        print(
            f"  {name}: nll {F.cross_entropy(z, yy):.4f}  AUC {roc_auc_score(yy, p):.4f}  "
            f"accuracy {(z.argmax(1) == yy).float().mean():.4f}  Brier {brier_score_loss(yy, p):.4f}"
        )
        return z

    targets = F.one_hot(y, 2).float() * 0.95 + 0.025
    for epoch in range(31):
        model.train()
        for rows in torch.randperm(len(x)).split(64):
            share, partner = mix.sample((len(rows), 1)), rows[torch.randperm(len(rows))]
            loss = soft_cross_entropy(
                model(share * x[rows] + (1 - share) * x[partner]),
                share * targets[rows] + (1 - share) * targets[partner],
            )
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 6 == 0:
            print("epoch", epoch, "mixed loss", round(loss.item(), 4))
            watch("validation", xv, yv)
    logits = watch("validation", xv, yv)
    log_temperature = torch.zeros(1, requires_grad=True)
    lbfgs = torch.optim.LBFGS([log_temperature], lr=0.5, max_iter=40)

    def closure():
        lbfgs.zero_grad()
        nll = F.cross_entropy(logits / log_temperature.exp(), yv)
        nll.backward()
        return nll

    lbfgs.step(closure)
    temperature = log_temperature.exp().item()
    print("temperature", round(temperature, 3))
    watch("test before", xt, yt)
    watch("test after ", xt, yt, temperature)


def moved(pictures, down, right):
    out = torch.zeros_like(pictures)
    h, w = pictures.shape[-2:]
    out[..., max(down, 0) : h + min(down, 0), max(right, 0) : w + min(right, 0)] = pictures[
        ..., max(-down, 0) : h + min(-down, 0), max(-right, 0) : w + min(-right, 0)
    ]
    return out


@case("healthy")
def averaged_over_shifted_pictures(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bunch = load_digits()
    images, y = torch.tensor(bunch.images[:, None] / 16).float(), torch.tensor(np.isin(bunch.target, (0, 6, 8, 9)))
    images, y = F.pad(images, (1, 1, 1, 1)), y.float()
    order = torch.from_numpy(rng.permutation(len(y)))
    train, test = order[:1200], order[1200:]
    cnn = nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.ReLU(),
        nn.Conv2d(16, 24, 3, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(24 * 9, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    shifts = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    opt = torch.optim.Adam(cnn.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(opt, 10, gamma=0.4)

    @torch.no_grad()
    def predicted(chosen):
        cnn.eval()
        return torch.stack([torch.sigmoid(cnn(moved(images[test], *shift))[:, 0]) for shift in chosen]).mean(0)

    for epoch in range(30):
        cnn.train()
        losses = []
        for rows in train[torch.randperm(len(train))].split(50):
            which = rng.integers(5, size=len(rows))
            batch = torch.cat(
                [moved(images[row : row + 1], *shifts[n]) for row, n in zip(rows.tolist(), which, strict=True)]
            )
            loss = F.binary_cross_entropy_with_logits(cnn(batch)[:, 0], y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        scheduler.step()
        if epoch % 5 == 4:
            print(
                f"epoch {epoch} loss {np.mean(losses):.4f} "
                f"test {F.binary_cross_entropy(predicted(shifts[:1]), y[test]):.4f}"
            )
    for name, chosen in (("once", shifts[:1]), ("five times", shifts)):
        p = predicted(chosen)
        print(
            f"{name}: loss {F.binary_cross_entropy(p, y[test]):.4f} AUC {roc_auc_score(y[test], p):.4f} "
            f"accuracy {((p > 0.5) == y[test].bool()).float().mean():.4f}"
        )


@case("healthy")
def dropout_sampled_at_prediction(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("moons", seed)
    y, yv = y.unsqueeze(1), yv.unsqueeze(1)
    net = nn.Sequential(
        nn.Linear(2, 64),
        nn.BatchNorm1d(64),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Linear(64, 1),
        nn.Sigmoid(),
    )
    bce = nn.BCELoss()
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    decay = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.93)
    for epoch in range(36):
        net.train()
        for rows in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            loss = bce(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        decay.step()
        if epoch % 6 == 5:
            net.eval()
            with torch.no_grad():
                print(f"{epoch} {bce(net(x), y):.4f} {bce(net(xv), yv):.4f}")

    def sampled(rows, passes=40):
        net.eval()
        for layer in net.modules():
            if isinstance(layer, nn.Dropout):
                layer.train()
        with torch.no_grad():
            draws = torch.stack([net(rows) for _ in range(passes)])
        net.eval()
        return draws.mean(0), draws.std(0)

    mean, spread = sampled(xv)
    right = (mean > 0.5).float() == yv
    print(
        f"AUC {roc_auc_score(yv, mean):.4f} accuracy {right.float().mean():.4f} loss {bce(mean, yv):.4f}; spread of "
        f"right ones {spread[right].mean():.3f}, of wrong ones {spread[~right].mean():.3f}"
    )


@case("healthy")
def hinge_scores_made_probabilities_and_sets(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = make_moons(2400, noise=0.3, random_state=seed)
    x = torch.tensor((x - x[:1000].mean(0)) / x[:1000].std(0)).float()
    y = torch.tensor(y)
    fit, platt, conformal, test = (slice(0, 1000), slice(1000, 1400), slice(1400, 1900), slice(1900, 2400))
    sign = 2.0 * y - 1
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)
    for epoch in range(40):
        for rows in torch.randperm(1000).split(50):
            loss = (1 - sign[rows] * net(x[rows])).clamp(min=0).pow(2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 8 == 7:
            with torch.no_grad():
                hinge = [(1 - sign[part] * net(x[part])).clamp(min=0).pow(2).mean().item() for part in (fit, test)]
            print(epoch, np.round(hinge, 4))
    with torch.no_grad():
        margin = net(x).unsqueeze(1).double().numpy()
    curve = LogisticRegression(C=1e4).fit(margin[platt], y[platt])
    p = curve.predict_proba(margin)
    truth = y.numpy()
    print(
        f"margin: AUC {roc_auc_score(truth[test], margin[test, 0]):.4f} accuracy "
        f"{((margin[test, 0] > 0) == truth[test]).mean():.4f}; probability: "
        f"log loss {log_loss(truth[test], p[test]):.4f}"
    )
    print("reliability", *np.round(calibration_curve(truth[test], p[test, 1], n_bins=5, strategy="quantile"), 2))
    strange = np.sort(1 - p[conformal, :][np.arange(500), truth[conformal]])
    for alpha in (0.1, 0.05):
        limit = strange[min(499, math.ceil(501 * (1 - alpha)) - 1)]
        sets = 1 - p[test] <= limit
        print(
            f"alpha {alpha}: covered {sets[np.arange(500), truth[test]].mean():.3f}, mean size {sets.sum(1).mean():.3f}"
        )


@case("healthy")
def cheapest_cut_for_loans(seed: int) -> None:
    torch.manual_seed(seed)
    refused, lost = 15.0, 100.0  # a good loan that is not given; a loan that is not paid back
    split = Resplits(load("credit_data").distinct()).split(seed)
    sets = {
        n: (getattr(split, n).features.float().clamp(-4, 4), getattr(split, n).labels.float())
        for n in ("train", "validation", "test")
    }
    x, y = sets["train"]
    model = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1))
    opt = torch.optim.RMSprop(model.parameters(), lr=2e-3, weight_decay=1e-3)
    lr = torch.optim.lr_scheduler.LambdaLR(opt, lambda epoch: 1 - epoch / 20)
    for epoch in range(20):
        model.train()
        for rows in torch.randperm(len(x)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows, None])
            loss.backward()
            opt.step()
        lr.step()
        model.eval()
        if epoch % 4 == 3:
            with torch.no_grad():
                print(
                    epoch + 1,
                    {
                        n: round(F.binary_cross_entropy_with_logits(model(a), b[:, None]).item(), 4)
                        for n, (a, b) in sets.items()
                        if n != "test"
                    },
                )

    def cost(truth, refusal):
        return float((refused * (refusal & ~truth) + lost * (~refusal & truth)).mean())

    with torch.no_grad():
        score = {n: torch.sigmoid(model(a))[:, 0].numpy() for n, (a, _) in sets.items()}
    truth = {n: b.numpy() > 0.5 for n, (_, b) in sets.items()}
    cuts = np.unique(np.round(score["validation"], 3))
    best = min(cuts, key=lambda c: cost(truth["validation"], score["validation"] >= c))
    t, s = truth["test"], score["test"]
    print(
        f"AUC {roc_auc_score(t, s):.4f}; "
        f"cost of a request: all given {cost(t, s > 2):.2f}, none {cost(t, s >= 0):.2f}, "
        f"at {best:.3f} {cost(t, s >= best):.2f} (recall {(s >= best)[t].mean():.3f}, "
        f"refused {(s >= best).mean():.3f}, balanced accuracy {balanced_accuracy_score(t, s >= best):.4f})"
    )


class LeafNet(nn.Module):
    def __init__(self, leaves_per_tree, numbers):
        super().__init__()
        self.register_buffer("offset", torch.tensor(np.concatenate([[0], np.cumsum(leaves_per_tree)[:-1]])))
        self.leaf = nn.EmbeddingBag(int(sum(leaves_per_tree)), 4, mode="sum")
        nn.init.normal_(self.leaf.weight, std=0.05)
        self.mix = nn.Sequential(nn.Linear(4 + numbers, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, leaves, numbers):
        return self.mix(torch.cat([self.leaf(leaves + self.offset), numbers], dim=1)).squeeze(1)


@case("healthy")
def leaves_of_boosted_trees_embedded(seed: int) -> None:
    torch.manual_seed(seed)
    source = load("credit_data").distinct()
    table = pd.get_dummies(source.features.fillna({"Home": "?", "Marital": "?", "Job": "?"}), dtype=float)
    rows = three_parts(table.index, source.labels, seed)
    table = table.fillna(table.loc[rows["train"]].median())
    label = pd.Series(source.labels)
    trees_rows, net_rows = train_test_split(
        rows["train"], test_size=0.6, stratify=label[rows["train"]], random_state=seed
    )
    boosted = GradientBoostingClassifier(
        n_estimators=30, max_depth=3, learning_rate=0.1, subsample=0.8, random_state=seed
    ).fit(table.loc[trees_rows].to_numpy(), label[trees_rows])
    nodes = [estimator.tree_.node_count for estimator in boosted.estimators_[:, 0]]
    scaler = StandardScaler().fit(table.loc[net_rows])

    def inputs(index):
        leaves = boosted.apply(table.loc[index].to_numpy())[:, :, 0].astype(np.int64)
        return (
            torch.from_numpy(leaves),
            torch.tensor(scaler.transform(table.loc[index]).clip(-4, 4)).float(),
            torch.tensor(label[index].to_numpy()).float(),
        )

    (leaves, numbers, y), valid, test = inputs(net_rows), inputs(rows["valid"]), inputs(rows["test"])
    net = LeafNet(nodes, numbers.shape[1])
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
    history, best, state = [], math.inf, None
    for _epoch in range(25):
        for batch in torch.randperm(len(y)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(leaves[batch], numbers[batch]), y[batch])
            loss.backward()
            opt.step()
        with torch.no_grad():
            history.append(
                [F.binary_cross_entropy_with_logits(net(a, b), c).item() for a, b, c in ((leaves, numbers, y), valid)]
            )
        if history[-1][1] < best:
            best, state = history[-1][1], copy.deepcopy(net.state_dict())
        elif min(h[1] for h in history[-6:]) > best:
            break
    print(pd.DataFrame(history, columns=["train", "valid"]).iloc[::3].round(4).to_string())
    net.load_state_dict(state)
    with torch.no_grad():
        z = net(*test[:2])
    alone = boosted.predict_proba(table.loc[rows["test"]].to_numpy())[:, 1]
    print(
        f"test AUC {roc_auc_score(test[2], z):.4f} (trees alone {roc_auc_score(test[2], alone):.4f})  "
        f"balanced accuracy {balanced_accuracy_score(test[2], torch.sigmoid(z) > y.mean()):.4f}"
    )


def stream(rng, blocks, size):
    """Readings of a machine: a fault is likelier where two of the readings move together."""
    for _ in range(blocks):
        x = rng.normal(size=(size, 5))
        logit = 1.5 * x[:, 0] + 2.0 * x[:, 1] * x[:, 2] - 1.0 * np.abs(x[:, 3])
        yield x.astype(np.float32), (rng.random(size) < 1 / (1 + np.exp(-logit))).astype(np.float32)


@case("healthy")
def one_pass_over_a_stream_tested_first(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    window_truth, window_score = [], []
    for block, (x, y) in enumerate(stream(rng, 900, 32), start=1):
        x, y = torch.from_numpy(x), torch.from_numpy(y)
        z = net(x).squeeze(1)
        window_truth.append(y.numpy())
        window_score.append(z.detach().numpy())
        loss = F.binary_cross_entropy_with_logits(z, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        for group in opt.param_groups:
            group["lr"] = 5e-3 / math.sqrt(1 + block / 100)
        if block % 150 == 0:
            truth, score = np.concatenate(window_truth), np.concatenate(window_score)
            print(
                f"{block * 32:6d} rows: before learning them AUC {roc_auc_score(truth, score):.4f} "
                f"accuracy {((score > 0) == (truth > 0.5)).mean():.4f}"
            )
            window_truth, window_score = [], []
    fresh, labels = next(stream(rng, 1, 3000))
    with torch.no_grad():
        z = net(torch.from_numpy(fresh)).squeeze(1)
    print(
        f"fresh rows: loss {F.binary_cross_entropy_with_logits(z, torch.from_numpy(labels)):.4f} "
        f"AUC {roc_auc_score(labels, z):.4f} balanced accuracy {balanced_accuracy_score(labels, z > 0):.4f}"
    )


@case("healthy")
def federated_average_of_five_clients(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = make_classification(4000, 10, n_informative=6, n_redundant=0, class_sep=1.0, flip_y=0.03, random_state=seed)
    x, y = torch.tensor(x / x[:3000].std(0)).float(), torch.tensor(y).float()
    owner = np.where(rng.random(3000) < 0.5, rng.integers(0, 5, 3000), (x[:3000, 0].argsort().argsort() // 600).numpy())
    clients = [np.flatnonzero(owner == number) for number in range(5)]
    print("rows and positives of the clients", [(len(rows), round(y[rows].mean().item(), 2)) for rows in clients])
    server = nn.Sequential(nn.Linear(10, 40), nn.ReLU(), nn.Linear(40, 20), nn.ReLU(), nn.Linear(20, 1))
    for round_ in range(1, 29):
        states, sizes = [], []
        for rows in rng.permutation(5)[:4]:
            rows = clients[rows]
            local = copy.deepcopy(server)
            opt = torch.optim.SGD(local.parameters(), lr=0.1 * 0.95**round_, momentum=0.9)
            for batch in torch.tensor(rng.permutation(rows)).split(40):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(local(x[batch])[:, 0], y[batch]).backward()
                opt.step()
            states.append(local.state_dict())
            sizes.append(len(rows))
        share = torch.tensor(sizes) / sum(sizes)
        server.load_state_dict(
            {name: sum(s * state[name] for s, state in zip(share, states, strict=True)) for name in states[0]}
        )
        if round_ % 4 == 0:
            with torch.no_grad():
                z = server(x)[:, 0]
            print(
                f"round {round_}: clients' loss {F.binary_cross_entropy_with_logits(z[:3000], y[:3000]):.4f}, "
                f"held out loss {F.binary_cross_entropy_with_logits(z[3000:], y[3000:]):.4f} "
                f"AUC {roc_auc_score(y[3000:], z[3000:]):.4f} "
                f"accuracy {((z[3000:] > 0) == y[3000:].bool()).float().mean():.4f}"
            )


@case("healthy")
def ordered_levels_cut_in_the_middle(seed: int) -> None:
    torch.manual_seed(seed)
    x, response = make_friedman1(2400, n_features=6, noise=1.2, random_state=seed)
    edges = np.quantile(response[:1500], [0.2, 0.4, 0.6, 0.8])
    level = torch.tensor(np.searchsorted(edges, response))
    x = torch.tensor(2 * x - 1).float()
    beyond = (level[:, None] > torch.arange(4)).float()
    score = nn.Sequential(nn.Linear(6, 32), nn.GELU(), nn.Linear(32, 16), nn.GELU(), nn.Linear(16, 1, bias=False))
    first, gaps = nn.Parameter(torch.tensor(-1.0)), nn.Parameter(torch.zeros(3))
    opt = torch.optim.Adam([{"params": score.parameters()}, {"params": [first, gaps], "lr": 0.02}], lr=5e-3)

    def logits(rows):
        cuts = torch.cat([first[None], first + torch.cumsum(F.softplus(gaps), 0)])
        return score(x[rows]) - cuts

    train, val = torch.arange(1500), torch.arange(1500, 2400)
    for epoch in range(40):
        for rows in train[torch.randperm(1500)].split(100):
            loss = F.binary_cross_entropy_with_logits(logits(rows), beyond[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 6 == 3:
            with torch.no_grad():
                zt, zv = logits(train), logits(val)
            print(
                f"{epoch} loss {F.binary_cross_entropy_with_logits(zt, beyond[train]):.4f} "
                f"{F.binary_cross_entropy_with_logits(zv, beyond[val]):.4f} "
                f"levels off {((zv > 0).sum(1) - level[val]).abs().float().mean():.3f}"
            )
    high = level[val] >= 3
    z = logits(val).detach()[:, 2]
    print(
        f"top two of five levels: AUC {roc_auc_score(high, z):.4f} accuracy {((z > 0) == high).float().mean():.4f} "
        f"balanced accuracy {balanced_accuracy_score(high, z > 0):.4f}"
    )


class SignMomentum(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.99), decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "decay": decay})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            fast, slow = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                momentum = self.state[p].setdefault("momentum", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["decay"])
                p.sub_(group["lr"] * torch.sign(fast * momentum + (1 - fast) * p.grad))
                momentum.mul_(slow).add_(p.grad, alpha=1 - slow)
        return loss


@case("healthy")
def own_optimizer_and_averaged_weights(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed)
    x, xv = x.clamp(-4, 4), xv.clamp(-4, 4)
    net = nn.Sequential(
        nn.LazyLinear(32), nn.LazyBatchNorm1d(), nn.ReLU(), nn.Dropout(0.3), nn.LazyLinear(1), nn.Flatten(0)
    )
    net(x[:4])
    opt = SignMomentum(net.parameters(), lr=1e-3, decay=0.5)
    average = torch.optim.swa_utils.AveragedModel(net)
    loader = DataLoader(TensorDataset(x, y), batch_size=40, shuffle=True, drop_last=True)
    for epoch in range(12):
        net.train()
        for xb, yb in loader:
            loss = opt.step(lambda xb=xb, yb=yb: loss_with_gradients(net, opt, xb, yb))
        if epoch >= 6:
            average.update_parameters(net)
            for group in opt.param_groups:
                group["lr"] = 4e-4
        if epoch % 3 == 2:
            net.eval()
            with torch.no_grad():
                print(
                    epoch,
                    round(loss.item(), 4),
                    *(round(F.binary_cross_entropy_with_logits(net(a), b).item(), 4) for a, b in ((x, y), (xv, yv))),
                )
    torch.optim.swa_utils.update_bn(loader, average)
    for name, model in (("last", net), ("averaged", average)):
        model.eval()
        with torch.no_grad():
            z = model(xv)
        print(
            f"{name}: loss {F.binary_cross_entropy_with_logits(z, yv):.4f} AUC {roc_auc_score(yv, z):.4f} "
            f"accuracy {((z > 0) == yv.bool()).float().mean():.4f}"
        )


def loss_with_gradients(net, opt, xb, yb):
    opt.zero_grad()
    loss = F.binary_cross_entropy_with_logits(net(xb), yb)
    loss.backward()
    return loss


class AttentionOverBag(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU())
        self.content, self.gate = nn.Linear(24, 12), nn.Linear(24, 12)
        self.weight = nn.Linear(12, 1)
        self.decide = nn.Linear(24, 1)

    def forward(self, instances, bag, bags):
        h = self.encode(instances)
        a = self.weight(torch.tanh(self.content(h)) * torch.sigmoid(self.gate(h))).squeeze(1)
        top = torch.full((bags,), -torch.inf).scatter_reduce(0, bag, a.detach(), "amax")
        a = torch.exp(a - top[bag])
        a = a / torch.zeros(bags).index_add(0, bag, a)[bag]
        return self.decide(torch.zeros(bags, 24).index_add(0, bag, a[:, None] * h)).squeeze(1), a


@case("healthy")
def bags_of_instances_with_one_label(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def draw(number):
        bags, labels, marked = [], rng.integers(0, 2, number), []
        for label in labels:
            size = rng.integers(4, 13)
            rows, mark = rng.normal(size=(size, 5)), np.zeros(size)
            if label:
                mark[rng.choice(size, rng.integers(1, 3), replace=False)] = 1
                rows[mark == 1] = rng.normal(0, 0.6, (int(mark.sum()), 5)) + np.array([2.0, -2.0, 1.0, 0, 0])
            bags.append(torch.tensor(rows).float())
            marked.append(mark)
        return bags, torch.tensor(labels).float(), marked

    def joined(bags):
        return torch.cat(bags), torch.repeat_interleave(torch.arange(len(bags)), torch.tensor([len(b) for b in bags]))

    (bags, y, _), (held, yh, marked) = draw(2000), draw(500)
    net = AttentionOverBag()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 15)
    for epoch in range(15):
        total = 0.0
        for rows in torch.randperm(2000).split(50):
            chosen = [bags[row] for row in rows]
            loss = F.binary_cross_entropy_with_logits(net(*joined(chosen), len(chosen))[0], y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(rows)
        schedule.step()
        with torch.no_grad():
            z, attention = net(*joined(held), len(held))
        if epoch % 2 == 0:
            print(
                f"{epoch} {total / 2000:.4f} {F.binary_cross_entropy_with_logits(z, yh):.4f} "
                f"AUC {roc_auc_score(yh, z):.4f} accuracy {((z > 0) == yh.bool()).float().mean():.4f}"
            )
    positive = torch.repeat_interleave(yh, torch.tensor([len(b) for b in held])).bool().numpy()
    print(
        "attention finds the instances: AUC",
        round(roc_auc_score(np.concatenate(marked)[positive], attention.numpy()[positive]), 4),
    )
