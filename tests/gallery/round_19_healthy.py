"""Sound training scripts that differ from a tutorial's loop."""

import copy
import itertools
import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_digits, make_classification, make_moons
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
from sklearn.model_selection import (
    GroupShuffleSplit,
    ParameterSampler,
    StratifiedKFold,
    TimeSeriesSplit,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset, RandomSampler, Sampler, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ------------------------------------------------------------------ script one: arrays in, a report out


def best_cut(y, p):
    fpr, tpr, cuts = roc_curve(y, p)
    return float(np.clip(cuts[np.argmax(tpr - fpr)], 0.0, 1.0))


def judge(name, y, p, cut):
    print(
        f"{name:<6} n={len(y):5d} log loss {log_loss(y, p):.4f}  ROC AUC {roc_auc_score(y, p):.4f}  "
        f"AP {average_precision_score(y, p):.4f}  balanced accuracy {balanced_accuracy_score(y, p >= cut):.4f}"
    )


def fit_and_judge(parts, seed, width=32, rounds=60, patience=5):
    torch.manual_seed(seed)
    loaders = {}
    for name, (x, y) in parts.items():
        rows = TensorDataset(
            torch.as_tensor(np.asarray(x, dtype=np.float32)), torch.as_tensor(np.asarray(y, dtype=np.float32))
        )
        loaders[name] = DataLoader(rows, batch_size=32 if name == "train" else 256, shuffle=name == "train")
    columns = np.asarray(parts["train"][0]).shape[1]
    net = nn.Sequential(nn.Linear(columns, width), nn.ReLU(), nn.Dropout(0.3), nn.Linear(width, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    criterion = nn.BCEWithLogitsLoss()

    def collect(name):
        net.eval()
        truth, scores = [], []
        with torch.no_grad():
            for xb, yb in loaders[name]:
                truth.append(yb.numpy())
                scores.append(torch.sigmoid(net(xb)).squeeze(1).numpy())
        return np.concatenate(truth), np.concatenate(scores).astype(np.float64)

    best, state, waited = math.inf, None, 0
    for epoch in range(rounds):
        net.train()
        total = 0.0
        for xb, yb in loaders["train"]:
            opt.zero_grad()
            loss = criterion(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
            total += loss.item() * len(yb)
        y, p = collect("valid")
        current = log_loss(y, p)
        if epoch % 5 == 0:
            print(f"epoch {epoch:2d} train loss {total / len(loaders['train'].dataset):.4f} valid loss {current:.4f}")
        if current < best:
            best, state, waited = current, copy.deepcopy(net.state_dict()), 0
        else:
            waited += 1
            if waited == patience:
                break
    net.load_state_dict(state)
    y, p = collect("valid")
    cut = best_cut(y, p)
    judge("valid", y, p, cut)
    y, p = collect("test")
    judge("test", y, p, cut)
    return p


def three_ways(n, y, seed):
    rest, test = train_test_split(np.arange(n), test_size=0.2, stratify=y, random_state=seed)
    train, valid = train_test_split(rest, test_size=0.25, stratify=np.asarray(y)[rest], random_state=seed)
    return train, valid, test


@case("healthy")
def quiet_credit_series_labels(seed: int) -> None:
    table = load("credit_data").distinct()
    X, y = table.features, pd.Series(table.labels, name="bad")
    train, valid, test = three_ways(len(X), y, seed)
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), table.numeric),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), table.categorical),
    ).fit(X.iloc[train])
    fit_and_judge(
        {
            "train": (prepare.transform(X.iloc[train]), y.iloc[train]),
            "valid": (prepare.transform(X.iloc[valid]), y.iloc[valid]),
            "test": (prepare.transform(X.iloc[test]), y.iloc[test]),
        },
        seed,
    )


@case("healthy")
def quiet_adult_onehot_sample(seed: int) -> None:
    people = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates()
    people = people.drop_duplicates(subset=people.columns.drop("income_gt_50k")).sample(4000, random_state=seed)
    people["capital"] = np.log1p(people.pop("capital-gain")) - np.log1p(people.pop("capital-loss"))
    label = people.pop("income_gt_50k").astype(int)
    people = people.drop(columns=["education"])
    words = people.select_dtypes(exclude="number").columns
    numbers = people.columns.difference(words)
    rest = people.sample(frac=0.8, random_state=seed + 1).index
    fit_rows = rest[: int(0.75 * len(rest))]
    groups = {"train": fit_rows, "valid": rest.difference(fit_rows), "test": people.index.difference(rest)}
    encoder = make_column_transformer(
        (StandardScaler(), list(numbers)),
        (OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist", sparse_output=False), list(words)),
    )
    encoder.fit(people.loc[groups["train"]])
    fit_and_judge({k: (encoder.transform(people.loc[v]), label.loc[v]) for k, v in groups.items()}, seed)


@case("healthy")
def quiet_spambase_logged_counts(seed: int) -> None:
    mails = load("spambase").distinct()
    parts = three_ways(len(mails.labels), mails.labels, seed)
    x = mails.features.to_numpy(float)
    pipe = make_pipeline(FunctionTransformer(lambda v: np.log(v + 0.1)), StandardScaler()).fit(x[parts[0]])
    names = ("train", "valid", "test")
    fit_and_judge(
        {n: (pipe.transform(x[rows]), mails.labels[rows]) for n, rows in zip(names, parts, strict=False)}, seed
    )


@case("healthy")
def quiet_churn_cut_from_validation(seed: int) -> None:
    customers = load("mlc_churn")
    frame = customers.features.copy()
    frame = frame.drop(columns=[c for c in frame.columns if c.endswith("_charge")] + ["state", "area_code"])
    for plan in ("international_plan", "voice_mail_plan"):
        frame[plan] = (frame[plan] == "yes").astype(float)
    frame["many_calls"] = (frame["number_customer_service_calls"] > 3).astype(float)
    frame["churn"] = customers.labels
    rng = np.random.default_rng(seed)
    u = rng.random(len(frame))
    chosen = {"train": u < 0.6, "valid": (u >= 0.6) & (u < 0.8), "test": u >= 0.8}
    centre = frame[chosen["train"]].drop(columns="churn").mean()
    spread = frame[chosen["train"]].drop(columns="churn").std()
    parts = {}
    for name, mask in chosen.items():
        block = frame[mask]
        parts[name] = ((block.drop(columns="churn") - centre) / spread, block["churn"])
    fit_and_judge(parts, seed, width=48)


@case("healthy")
def quiet_breast_cancer_as_frame(seed: int) -> None:
    bunch = load_breast_cancer(as_frame=True)
    frame = bunch.frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)
    frame["part"] = np.select([frame.index < 340, frame.index < 450], ["train", "valid"], "test")
    features = list(bunch.feature_names)
    scaler = StandardScaler().fit(frame.loc[frame.part == "train", features])
    frame[features] = scaler.transform(frame[features])
    fit_and_judge({name: (g[features], 1 - g["target"]) for name, g in frame.groupby("part")}, seed)


@case("healthy")
def quiet_generated_table_flipped_names(seed: int) -> None:
    X, y = make_classification(
        2400, 20, n_informative=8, n_redundant=4, n_clusters_per_class=1, class_sep=0.8, flip_y=0.05, random_state=seed
    )
    idx = np.random.RandomState(seed).permutation(2400)
    sets = {"test": set(idx[:500]), "valid": set(idx[500:1000]), "train": set(idx[1000:])}
    order = {k: np.fromiter(sorted(v), dtype=int) for k, v in sets.items()}
    mu, sd = X[order["train"]].mean(0), X[order["train"]].std(0)
    fit_and_judge({k: ((X[i] - mu) / sd, y[i]) for k, i in order.items()}, seed)


@case("healthy")
def quiet_digits_even_pixels(seed: int) -> None:
    digits = load_digits()
    x, even = digits.data / 16.0 - 0.3, digits.target % 2 == 0
    rest, test = next(iter(StratifiedKFold(5, shuffle=True, random_state=seed).split(x, digits.target)))
    train, valid = rest[::4], rest[1::4]
    train = np.concatenate([train, rest[2::4], rest[3::4]])
    rows = {"train": train, "valid": valid, "test": test}
    fit_and_judge({name: (x[i], even[i]) for name, i in rows.items()}, seed)


@case("healthy")
def quiet_payments_past_of_each_user(seed: int) -> None:
    log = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    log["la"] = np.log(log["amount"])
    past = log.groupby("user")["la"].transform(lambda s: s.shift().expanding(3).mean())
    width = log.groupby("user")["la"].transform(lambda s: s.shift().expanding(4).std())
    log["above"] = log["la"] - past
    log["ratio"] = log["above"] / (width + 0.3)
    log["night"] = ((log["hour"] < 6) | (log["hour"] > 22)).astype(float)
    log = log.dropna()
    columns = ["la", "above", "ratio", "night", "foreign", "online"]
    users = log["user"].unique()
    np.random.default_rng(seed).shuffle(users)
    a, b = int(0.6 * len(users)), int(0.8 * len(users))
    owner = dict.fromkeys(users[:a], "train")
    owner |= dict.fromkeys(users[a:b], "valid") | dict.fromkeys(users[b:], "test")
    log["part"] = log["user"].map(owner)
    known = log[log["part"] == "train"]
    log[columns] = (log[columns] - known[columns].mean()) / known[columns].std()
    fit_and_judge({p: (g[columns].to_numpy(), g["fraud"].to_numpy()) for p, g in log.groupby("part")}, seed, rounds=12)


@case("healthy")
def quiet_bike_days_shares(seed: int) -> None:
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    hours = days.filter(regex=r"^h\d\d$").to_numpy(float)
    share = np.sqrt(hours / hours.sum(axis=1, keepdims=True))
    y = days["working_day"].to_numpy()
    train, valid, test = three_ways(len(y), y, seed)
    scaler = StandardScaler().fit(share[train])
    rows = {"train": train, "valid": valid, "test": test}
    fit_and_judge({n: (scaler.transform(share[i]), y[i]) for n, i in rows.items()}, seed, width=16)


@case("healthy")
def quiet_splice_letters_onehot(seed: int) -> None:
    genes = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence").reset_index(drop=True)
    letters = np.array([list(s) for s in genes["sequence"]])
    x = np.concatenate([(letters == c).astype(np.float32) for c in "ACGT"], axis=1)
    y = genes["is_junction"]
    train, valid, test = three_ways(len(genes), y, seed)
    parts = {"train": (x[train], y[train]), "valid": (x[valid], y[valid]), "test": (x[test], y[test])}
    fit_and_judge(parts, seed, width=16)


# ------------------------------------------------------------------ script two: a frame with a column "part"


class FrameNet(nn.Module):
    def __init__(self, levels, numbers, hidden=32):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(k, min(6, 1 + k // 2)) for k in levels)
        inside = sum(t.embedding_dim for t in self.tables) + numbers
        self.body = nn.Sequential(nn.Dropout(0.1), nn.Linear(inside, hidden), nn.SiLU(), nn.Dropout(0.2))
        self.out = nn.Linear(hidden, 1)

    def forward(self, codes, numbers):
        pieces = [table(codes[:, j]) for j, table in enumerate(self.tables)]
        return self.out(self.body(torch.cat([*pieces, numbers], dim=1))).flatten()


class FrameExperiment:
    def __init__(self, frame, target, categories, numbers, seed, by=None, epochs=20):
        self.target, self.by, self.epochs, self.seed = target, by, epochs, seed
        self.frame = frame.copy()
        known = self.frame[self.frame["part"] == "train"]
        self.codes, self.levels = {}, []
        for column in categories:
            names = {v: i + 1 for i, v in enumerate(sorted(known[column].fillna("missing").astype(str).unique()))}
            self.codes[column] = self.frame[column].fillna("missing").astype(str).map(names).fillna(0).astype(int)
            self.levels.append(len(names) + 1)
        middle = known[numbers].median()
        scaler = StandardScaler().fit(known[numbers].fillna(middle))
        self.values = pd.DataFrame(
            scaler.transform(self.frame[numbers].fillna(middle)), index=self.frame.index, columns=numbers
        )
        self.codes = pd.DataFrame(self.codes, index=self.frame.index)

    def tensors(self, part):
        rows = self.frame.index[self.frame["part"] == part]
        return (
            torch.tensor(self.codes.loc[rows].to_numpy()),
            torch.tensor(self.values.loc[rows].to_numpy(), dtype=torch.float32),
            torch.tensor(self.frame.loc[rows, self.target].to_numpy(), dtype=torch.float32),
        )

    @torch.no_grad()
    def scores(self, part, size=500):
        self.net.eval()
        codes, values, _ = self.tensors(part)
        parts = [torch.sigmoid(self.net(c, v)) for c, v in zip(codes.split(size), values.split(size), strict=False)]
        return pd.Series(torch.cat(parts).double().numpy(), index=self.frame.index[self.frame["part"] == part])

    def run(self):
        torch.manual_seed(self.seed)
        self.net = FrameNet(self.levels, self.values.shape[1])
        opt = torch.optim.AdamW(self.net.parameters(), lr=4e-3, weight_decay=0.02)
        codes, values, y = self.tensors("train")
        steps = math.ceil(len(y) / 64) * self.epochs
        plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
        for epoch in range(self.epochs):
            self.net.train()
            order = torch.randperm(len(y))
            for rows in order.split(64):
                opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(self.net(codes[rows], values[rows]), y[rows])
                loss.backward()
                opt.step()
                plan.step()
            if (epoch + 1) % 4 == 0:
                p = self.scores("valid")
                print(f"[{epoch + 1:2d}] valid loss {log_loss(self.frame.loc[p.index, self.target], p):.4f}")
        cut = None
        for part in ("valid", "test"):
            p = self.scores(part)
            rows = self.frame.loc[p.index]
            if cut is None:
                cut = best_cut(rows[self.target], p)
            judge(part, rows[self.target].to_numpy(), p.to_numpy(), cut)
            if self.by is not None and part == "test":
                for name, group in rows.groupby(self.by):
                    if group[self.target].nunique() == 2 and len(group) >= 30:
                        judge(str(name)[:6], group[self.target].to_numpy(), p[group.index].to_numpy(), cut)


def with_parts(frame, target, seed):
    frame = frame.reset_index(drop=True)
    _train, valid, test = three_ways(len(frame), frame[target], seed)
    frame["part"] = "train"
    frame.loc[valid, "part"] = "valid"
    frame.loc[test, "part"] = "test"
    return frame


@case("healthy")
def quiet_frame_adult_by_gender(seed: int) -> None:
    people = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz")
    people = people.drop_duplicates(people.columns.drop("income_gt_50k")).sample(5000, random_state=seed)
    people["gain"] = np.log1p(people["capital-gain"])
    people["loss"] = np.log1p(people["capital-loss"])
    words = ["workclass", "marital-status", "occupation", "relationship", "race", "gender", "native-country"]
    people = with_parts(people, "income_gt_50k", seed)
    numbers = ["age", "education-num", "hours-per-week", "gain", "loss"]
    FrameExperiment(people, "income_gt_50k", words, numbers, seed, by="gender", epochs=8).run()


@case("healthy")
def quiet_frame_credit_by_records(seed: int) -> None:
    table = load("credit_data").distinct()
    loans = with_parts(table.features.assign(bad=table.labels), "bad", seed)
    for money in ("Income", "Assets", "Debt"):
        loans[money] = np.log1p(loans[money])
    FrameExperiment(loans, "bad", table.categorical, table.numeric, seed, by="Records", epochs=12).run()


@case("healthy")
def quiet_frame_churn_by_plan(seed: int) -> None:
    table = load("mlc_churn")
    calls = table.features.assign(gone=table.labels)
    calls = calls[[c for c in calls.columns if "charge" not in c and c != "state"]]
    calls["service"] = calls.pop("number_customer_service_calls").clip(upper=6).astype(str)
    words = ["area_code", "international_plan", "voice_mail_plan", "service"]
    numbers = [c for c in calls.columns if c not in [*words, "gone"]]
    FrameExperiment(with_parts(calls, "gone", seed), "gone", words, numbers, seed, by="international_plan").run()


@case("healthy")
def quiet_frame_mushroom_nominal(seed: int) -> None:
    caps = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").drop_duplicates()
    caps["poison"] = (caps.pop("class") == "p").astype(int)
    caps = caps.sample(3000, random_state=seed)
    caps["rings"] = (caps["ring-number"] == "t").astype(float)
    words = [c for c in caps.columns if c not in ("poison", "rings", "ring-number", "veil-type")]
    FrameExperiment(with_parts(caps, "poison", seed), "poison", words, ["rings"], seed, by="habitat", epochs=8).run()


@case("healthy")
def quiet_frame_payments_new_users(seed: int) -> None:
    log = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz")
    log["la"] = np.log(log["amount"])
    earlier = log.groupby("user")["la"].transform(lambda s: s.shift().expanding(3).mean())
    log["above"] = log["la"] - earlier
    log = log.dropna().reset_index(drop=True)
    log["quarter"] = pd.cut(log["hour"], [-1, 6, 12, 18, 25], labels=["night", "morning", "day", "evening"]).astype(str)
    first, test = next(GroupShuffleSplit(1, test_size=0.2, random_state=seed).split(log, groups=log["user"]))
    _inner, valid = next(
        GroupShuffleSplit(1, test_size=0.25, random_state=seed).split(first, groups=log["user"][first])
    )
    log["part"] = "train"
    log.loc[test, "part"] = "test"
    log.loc[first[valid], "part"] = "valid"
    FrameExperiment(log, "fraud", ["quarter", "foreign", "online"], ["la", "above"], seed, by="online", epochs=8).run()


@case("healthy")
def quiet_frame_simulated_shops(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    n = 4000
    shop = rng.integers(0, 12, n)
    appeal = rng.normal(0, 1.2, 12)
    frame = pd.DataFrame({"shop": [f"shop{s:02d}" for s in shop], "day": rng.choice(["mon", "wed", "sat", "sun"], n)})
    frame["price"] = np.exp(rng.normal(3, 0.5, n))
    frame["rating"] = rng.normal(3.8, 0.6, n)
    weekend = frame["day"].isin(["sat", "sun"]).to_numpy()
    logit = appeal[shop] + (np.log(frame["price"]) - 3) * np.where(weekend, -2.5, 1.0) + 1.2 * (frame["rating"] - 3.8)
    frame["bought"] = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    frame["price"] = np.log(frame["price"])
    frame = with_parts(frame, "bought", seed)
    FrameExperiment(frame, "bought", ["shop", "day"], ["price", "rating"], seed, by="day").run()


# ------------------------------------------------------------------ tables with scripts of their own


@case("healthy")
def quiet_credit_out_of_fold(seed: int) -> None:
    table = load("credit_data").distinct()
    X = table.features
    y = table.labels
    oof = np.full(len(y), np.nan)
    fold_auc = []
    for k, (fit, held) in enumerate(StratifiedKFold(4, shuffle=True, random_state=seed).split(X, y)):
        torch.manual_seed(1000 * seed + k)
        prep = make_column_transformer(
            (make_pipeline(SimpleImputer(), FunctionTransformer(np.log1p), StandardScaler()), table.numeric),
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), table.categorical),
        )
        a = torch.tensor(prep.fit_transform(X.iloc[fit])).float()
        b = torch.tensor(prep.transform(X.iloc[held])).float()
        t = torch.tensor(y[fit]).float()
        net = nn.Sequential(nn.Linear(a.shape[1], 24), nn.Tanh(), nn.Linear(24, 1))
        opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
        for _ in range(10):
            for i in torch.randperm(len(t)).split(64):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(a[i])[:, 0], t[i]).backward()
                opt.step()
        with torch.no_grad():
            oof[held] = np.concatenate([net(c)[:, 0].sigmoid().numpy() for c in b.split(256)])
        fold_auc.append(roc_auc_score(y[held], oof[held]))
        print(f"fold {k}: auc {fold_auc[-1]:.4f}  log loss {log_loss(y[held], oof[held]):.4f}")
    print(
        f"out of fold: auc {roc_auc_score(y, oof):.4f}  ap {average_precision_score(y, oof):.4f}  "
        f"mean of folds {np.mean(fold_auc):.4f} +- {np.std(fold_auc):.4f}"
    )


@dataclass
class Parcel:
    x: np.ndarray
    y: np.ndarray
    probability: np.ndarray | None = None
    losses: list = field(default_factory=list)

    def batches(self, size, rng=None):
        order = np.arange(len(self.y)) if rng is None else rng.permutation(len(self.y))
        for start in range(0, len(order), size):
            i = order[start : start + size]
            yield i, torch.from_numpy(self.x[i]), torch.from_numpy(self.y[i])


@case("healthy")
def quiet_spam_dataclass_parcels(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    table = load("spambase").distinct()
    raw = np.log1p(table.features.to_numpy(np.float32))
    u = rng.random(len(raw))
    masks = [u < 0.5, (u >= 0.5) & (u < 0.75), u >= 0.75]
    mean, std = raw[masks[0]].mean(0), raw[masks[0]].std(0) + 1e-6
    train, valid, test = (Parcel((raw[m] - mean) / std, table.labels[m].astype(np.float32)) for m in masks)
    model = nn.Sequential(nn.Linear(raw.shape[1], 20), nn.ReLU(), nn.Dropout(0.25), nn.Linear(20, 1), nn.Flatten(0))
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-3)
    for _epoch in range(14):
        model.train()
        for _, xb, yb in train.batches(50, rng):
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.inference_mode():
            for parcel in (train, valid):
                parcel.probability = np.empty(len(parcel.y))
                for i, xb, _ in parcel.batches(400):
                    parcel.probability[i] = model(xb).sigmoid().numpy()
                parcel.losses.append(log_loss(parcel.y, parcel.probability))
    model.eval()
    with torch.inference_mode():
        test.probability = np.concatenate([model(xb).sigmoid().numpy() for _, xb, _ in test.batches(400)])
    print(pd.DataFrame({"train loss": train.losses, "valid loss": valid.losses}).iloc[::3].round(4).to_string())
    for name, parcel in {"valid": valid, "test": test}.items():
        print(
            f"{name}: auc {roc_auc_score(parcel.y, parcel.probability):.4f} "
            f"balanced accuracy {balanced_accuracy_score(parcel.y, parcel.probability > 0.5):.4f}"
        )


@case("healthy")
def quiet_adult_closure_keeps_labels(seed: int) -> None:
    torch.manual_seed(seed)
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz")
    keep = ["age", "education-num", "hours-per-week", "capital-gain", "capital-loss"]
    frame = frame.drop_duplicates([*keep, "marital-status", "gender"]).sample(
        4500, random_state=seed, ignore_index=True
    )
    frame[["capital-gain", "capital-loss"]] = np.log1p(frame[["capital-gain", "capital-loss"]])
    status = pd.get_dummies(frame["marital-status"], dtype=float).drop(columns="Married-AF-spouse", errors="ignore")
    male = (frame["gender"] == "Male").to_numpy(float)
    x = np.column_stack([frame[keep], (frame["age"] ** 2), status, male]).astype(np.float32)
    target = frame["income_gt_50k"].to_numpy(np.float32)
    train, valid = np.arange(0, 3000), np.arange(3000, 4500)
    x = torch.from_numpy((x - x[train].mean(0)) / x[train].std(0))

    def make_step(net, rows):
        opt = torch.optim.Adam(net.parameters(), lr=2e-3)
        y = torch.from_numpy(target[rows])

        def step():
            net.train()
            seen = 0.0
            for i in torch.randperm(len(rows)).split(60):
                opt.zero_grad()
                loss = F.soft_margin_loss(net(x[rows][i]).squeeze(-1), 2 * y[i] - 1)
                loss.backward()
                opt.step()
                seen += loss.item() * len(i)
            return seen / len(rows)

        return step

    def make_judge(net, rows):
        y = target[rows]

        def assess():
            net.eval()
            with torch.no_grad():
                p = np.concatenate([torch.sigmoid(net(c)).numpy().ravel() for c in x[rows].split(300)])
            return {"log loss": log_loss(y, p), "auc": roc_auc_score(y, p), "ap": average_precision_score(y, p)}

        return assess

    network = nn.Sequential(nn.Linear(x.shape[1], 16), nn.GELU(), nn.Linear(16, 1))
    step, assess = make_step(network, train), make_judge(network, valid)
    history = []
    for epoch in range(15):
        history.append({"epoch": epoch, "train": step(), **assess()})
    print(pd.DataFrame(history).iloc[2::3].to_string(index=False, float_format="%.4f"))


class Messages(Dataset):
    def __init__(self, ids, vectors, labels):
        self.ids, self.vectors, self.labels = list(ids), vectors, labels

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        key = self.ids[i]
        return {"id": key, "x": self.vectors[key], "y": self.labels[key]}


@case("healthy")
def quiet_sms_labels_by_message_id(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("sms_spam").distinct()
    texts = table.features.iloc[:, 0].astype(str)
    rng = np.random.default_rng(seed)
    picked = rng.choice(len(texts), 2400, replace=False)
    names = [f"msg-{i:05d}" for i in picked]
    labels = {n: torch.tensor(float(table.labels[i])) for n, i in zip(names, picked, strict=False)}
    train, valid = names[:1600], names[1600:]
    tfidf = TfidfVectorizer(min_df=3, sublinear_tf=True, token_pattern=r"[a-z]+|\d|[£!?]")
    tfidf.fit(texts.iloc[picked[:1600]])
    dense = tfidf.transform(texts.iloc[picked]).toarray().astype(np.float32)
    vectors = {n: torch.from_numpy(row) for n, row in zip(names, dense, strict=False)}
    model = nn.Sequential(nn.Linear(dense.shape[1], 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.02)
    fit_loader = DataLoader(Messages(train, vectors, labels), batch_size=50, shuffle=True)
    val_loader = DataLoader(Messages(valid, vectors, labels), batch_size=200)
    for epoch in range(8):
        model.train()
        for batch in fit_loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(batch["x"])[:, 0], batch["y"])
            loss.backward()
            opt.step()
        model.eval()
        answers = {}
        with torch.no_grad():
            for batch in val_loader:
                answers.update(zip(batch["id"], model(batch["x"])[:, 0].sigmoid().tolist(), strict=False))
        y = [labels[k].item() for k in answers]
        p = list(answers.values())
        print(
            f"epoch {epoch} train {loss.item():.4f} valid loss {log_loss(y, p):.4f} auc {roc_auc_score(y, p):.4f} "
            f"f1 {f1_score(y, np.array(p) > 0.5):.3f}"
        )


@case("healthy")
def quiet_walk_forward_in_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, lags = 3000, 8
    regime = np.zeros(n, dtype=int)
    for t in range(1, n):
        regime[t] = regime[t - 1] ^ (rng.random() < 0.04)
    level = np.zeros(n)
    for t in range(1, n):
        level[t] = (0.75 if regime[t] else -0.35) * level[t - 1] + rng.normal()
    past = np.lib.stride_tricks.sliding_window_view(level, lags)[:-1]
    x = np.column_stack([past, past[:, 1:] * past[:, :-1]]).astype(np.float32)
    y = regime[lags:].astype(np.float32)
    rows = []
    for k, (before, after) in enumerate(TimeSeriesSplit(4, gap=lags).split(x)):
        torch.manual_seed(seed)
        scaler = StandardScaler().fit(x[before])
        a, b = torch.from_numpy(scaler.transform(x[before])), torch.from_numpy(scaler.transform(x[after]))
        t = torch.from_numpy(y[before])
        net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
        opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=3e-3)
        for _ in range(400):
            i = torch.randint(len(t), (64,))
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(a[i]).squeeze(1), t[i]).backward()
            opt.step()
        with torch.no_grad():
            p = net(b).squeeze(1).sigmoid().numpy()
        truth = y[after]
        rows.append(
            {
                "window": k,
                "fitted on": len(before),
                "auc": roc_auc_score(truth, p),
                "log loss": log_loss(truth, p),
                "balanced": balanced_accuracy_score(truth, p > 0.5),
            }
        )
    print(pd.DataFrame(rows).round(4).to_string(index=False))


# ------------------------------------------------------------------ programs


class NetClassifier(ClassifierMixin, BaseEstimator):
    def __init__(self, hidden=16, lr=5e-3, epochs=25, batch_size=32, alpha=1e-3, random_state=0):
        self.hidden = hidden
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.alpha = alpha
        self.random_state = random_state

    def fit(self, X, y):
        torch.manual_seed(self.random_state)
        self.classes_, coded = np.unique(y, return_inverse=True)
        X, coded = torch.as_tensor(np.asarray(X), dtype=torch.float32), torch.as_tensor(coded)
        self.net_ = nn.Sequential(nn.Linear(X.shape[1], self.hidden), nn.ReLU(), nn.Linear(self.hidden, 2))
        opt = torch.optim.AdamW(self.net_.parameters(), lr=self.lr, weight_decay=self.alpha)
        self.loss_curve_ = []
        for _ in range(self.epochs):
            losses = []
            for rows in torch.randperm(len(X)).split(self.batch_size):
                opt.zero_grad()
                loss = F.cross_entropy(self.net_(X[rows]), coded[rows])
                loss.backward()
                opt.step()
                losses.append(loss.item())
            self.loss_curve_.append(np.mean(losses))
        return self

    @torch.no_grad()
    def predict_proba(self, X):
        return self.net_(torch.as_tensor(np.asarray(X), dtype=torch.float32)).softmax(dim=1).numpy()

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@case("healthy")
def quiet_pipeline_of_clones(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    names = np.array(["malignant", "benign"])[y]
    pipe = make_pipeline(StandardScaler(), NetClassifier(random_state=seed, epochs=12, alpha=0.05))
    folds = StratifiedKFold(4, shuffle=True, random_state=seed)
    for scoring in ("accuracy", "roc_auc"):
        scores = cross_val_score(pipe, X, names, cv=folds, scoring=scoring)
        print(f"{scoring}: {scores.round(4)} mean {scores.mean():.4f}")
    a, b, ya, yb = train_test_split(X, names, stratify=names, random_state=seed)
    print(f"hold-out accuracy {pipe.fit(a, ya).score(b, yb):.4f}, last loss {pipe[-1].loss_curve_[-1]:.4f}")


@case("healthy")
def quiet_random_search_then_test(seed: int) -> None:
    X, y = make_classification(2000, 15, n_informative=6, n_clusters_per_class=2, class_sep=1.0, random_state=seed)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    X_fit, X_val, y_fit, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_fit)
    space = {"hidden": [16, 32, 64], "lr": [2e-3, 4e-3], "alpha": [1e-3, 1e-2], "epochs": [15, 20]}
    trials = []
    for number, options in enumerate(ParameterSampler(space, n_iter=4, random_state=seed)):
        model = NetClassifier(random_state=seed, **options).fit(scaler.transform(X_fit), y_fit)
        p = model.predict_proba(scaler.transform(X_val))[:, 1]
        trials.append({"trial": number, **options, "log_loss": log_loss(y_val, p), "auc": roc_auc_score(y_val, p)})
    table = pd.DataFrame(trials).sort_values("log_loss")
    print(table.round(4).to_string(index=False))
    chosen = {k: table.iloc[0][k] for k in space}
    chosen |= {"hidden": int(chosen["hidden"]), "epochs": int(chosen["epochs"])}
    final = make_pipeline(StandardScaler(), NetClassifier(random_state=seed, **chosen)).fit(X, y)
    p = final.predict_proba(X_test)[:, 1]
    print(f"test: auc {roc_auc_score(y_test, p):.4f} accuracy {final.score(X_test, y_test):.4f}")


@case("healthy")
def quiet_ablation_over_seeds(seed: int) -> None:
    table = load("credit_data").distinct()
    money = ["Income", "Assets", "Debt", "Amount", "Price", "Expenses"]
    frame = table.features.copy()
    frame[money] = np.log1p(frame[money])
    train, valid, _ = three_ways(len(frame), table.labels, seed)
    y = torch.tensor(table.labels).float()
    groups = {"money": money, "all numbers": table.numeric, "numbers and words": [*table.numeric, *table.categorical]}
    results = defaultdict(list)
    for title, columns in groups.items():
        numbers = [c for c in columns if c in table.numeric]
        words = [c for c in columns if c in table.categorical]
        prep = make_column_transformer(
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
        ).fit(frame.iloc[train])
        a = torch.tensor(np.asarray(prep.transform(frame.iloc[train]))).float()
        b = torch.tensor(np.asarray(prep.transform(frame.iloc[valid]))).float()
        for run in range(3):
            torch.manual_seed(10 * seed + run)
            net = nn.Sequential(nn.Linear(a.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
            opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
            for _ in range(8):
                for i in torch.randperm(len(train)).split(64):
                    opt.zero_grad()
                    F.binary_cross_entropy_with_logits(net(a[i]), y[train][i]).backward()
                    opt.step()
            with torch.no_grad():
                p = net(b).sigmoid().numpy()
            results[title].append((roc_auc_score(table.labels[valid], p), log_loss(table.labels[valid], p)))
    for title, values in results.items():
        auc, ll = np.transpose(values)
        print(f"{title:<18} auc {auc.mean():.4f} +- {auc.std():.4f}   log loss {ll.mean():.4f}")


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2), nn.ReLU(), nn.Flatten()
        )
        self.kind = nn.Linear(144, 10)
        self.loop = nn.Linear(144, 1)

    def forward(self, image):
        h = self.trunk(image)
        return {"kind": self.kind(h), "loop": self.loop(h)[:, 0]}


@case("healthy")
def quiet_two_heads_digit_loops(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    images = torch.tensor(digits.images / 16).float().unsqueeze(1)
    kind = torch.tensor(digits.target)
    loop = torch.isin(kind, torch.tensor([0, 6, 8, 9])).float()
    a, b = train_test_split(np.arange(len(kind)), test_size=0.3, stratify=digits.target, random_state=seed)
    model = TwoHeads()
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=22)
    for epoch in range(22):
        model.train()
        for rows in DataLoader(torch.tensor(a), batch_size=64, shuffle=True):
            out = model(images[rows])
            parts = {
                "kind": F.cross_entropy(out["kind"], kind[rows]),
                "loop": F.binary_cross_entropy_with_logits(out["loop"], loop[rows]),
            }
            opt.zero_grad()
            (0.5 * parts["kind"] + parts["loop"]).backward()
            opt.step()
        plan.step()
        model.eval()
        with torch.no_grad():
            out = model(images[b])
        print(
            f"{epoch}: kind acc {(out['kind'].argmax(1) == kind[b]).float().mean():.4f} "
            f"val loss {F.binary_cross_entropy_with_logits(out['loop'], loop[b]):.4f} "
            f"loop auc {roc_auc_score(loop[b], out['loop']):.4f} "
            f"f1 {f1_score(loop[b], out['loop'] > 0):.4f}"
        )


class Tagger(nn.Module):
    def __init__(self, words, size=16):
        super().__init__()
        self.words = nn.Embedding(words, size, padding_idx=0)
        self.rnn = nn.GRU(size, size, batch_first=True, bidirectional=True)
        self.tag = nn.Linear(2 * size, 1)

    def forward(self, tokens, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.words(tokens), lengths, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.tag(states).squeeze(-1)


@case("healthy")
def quiet_tags_answer_whether_any(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sentences, tags = [], []
    for _ in range(900):
        words = rng.integers(1, 30, rng.integers(6, 15))
        hit = np.zeros(len(words))
        hit[1:] = (words[1:] < 8) & (words[:-1] >= 20) & (rng.random(len(words) - 1) < 0.95)
        sentences.append(torch.tensor(words))
        tags.append(torch.tensor(hit, dtype=torch.float32))

    def collate(ids):
        lengths = torch.tensor([len(sentences[i]) for i in ids])
        pad = nn.utils.rnn.pad_sequence
        return (
            pad([sentences[i] for i in ids], batch_first=True),
            pad([tags[i] for i in ids], batch_first=True),
            lengths,
            torch.stack([tags[i].max() for i in ids]),
        )

    train = DataLoader(range(700), batch_size=32, shuffle=True, collate_fn=collate)
    valid = DataLoader(range(700, 900), batch_size=100, collate_fn=collate)
    model = Tagger(30)
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(8):
        model.train()
        for tokens, target, lengths, _ in train:
            z = model(tokens, lengths)
            real = torch.arange(tokens.shape[1]) < lengths[:, None]
            loss = F.binary_cross_entropy_with_logits(z[real], target[real])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        model.eval()
        score, truth, lost = [], [], []
        with torch.no_grad():
            for tokens, target, lengths, any_tag in valid:
                z = model(tokens, lengths)
                real = torch.arange(tokens.shape[1]) < lengths[:, None]
                lost.append(F.binary_cross_entropy_with_logits(z[real], target[real]).item())
                score.append(z.masked_fill(~real, -torch.inf).amax(dim=1))
                truth.append(any_tag)
        score, truth = torch.cat(score), torch.cat(truth)
        print(
            f"epoch {epoch} train {loss.item():.4f} val loss {np.mean(lost):.4f} "
            f"any tag: auc {roc_auc_score(truth, score):.4f} bacc {balanced_accuracy_score(truth, score > 0):.4f}"
        )


@case("healthy")
def quiet_partial_likelihood_dropout_of_study(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 2000
    x = rng.normal(size=(n, 6))
    risk = 1.0 * x[:, 0] - 0.8 * x[:, 1] + 0.9 * (x[:, 2] ** 2 - 1) + 0.6 * x[:, 3] * x[:, 4]
    event_time = rng.exponential(np.exp(-risk))
    leaves = rng.exponential(4.0, n)
    time, event = np.minimum(event_time, leaves), event_time <= leaves
    train, valid = np.arange(1400), np.arange(1400, n)
    X = torch.tensor(x, dtype=torch.float32)

    def cox(h, t, e):
        order = torch.argsort(t, descending=True)
        h, e = h[order], e[order]
        return -(h - torch.logcumsumexp(h, 0))[e].mean()

    T, E = torch.tensor(time), torch.tensor(event)
    net = nn.Sequential(nn.Linear(6, 32), nn.SiLU(), nn.Linear(32, 1, bias=False))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
    horizon = np.median(time[train])
    known = valid[(time[valid] > horizon) | event[valid]]
    early = time[known] <= horizon
    for epoch in range(20):
        for i in torch.randperm(1400).split(100):
            opt.zero_grad()
            loss = cox(net(X[train][i])[:, 0], T[train][i], E[train][i])
            loss.backward()
            opt.step()
        if epoch % 4 == 3:
            with torch.no_grad():
                late = cox(net(X[valid])[:, 0], T[valid], E[valid])
                score = net(X[known])[:, 0].numpy()
            print(
                f"epoch {epoch} val loss {late:.4f} event before {horizon:.2f}: auc {roc_auc_score(early, score):.4f}"
            )


@case("healthy")
def quiet_pairs_then_platt(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("credit_data").distinct()
    train, held, test = three_ways(len(table.labels), table.labels, seed)
    prep = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), table.numeric),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), table.categorical),
    ).fit(table.features.iloc[train])
    X = torch.tensor(prep.transform(table.features)).float()
    y = table.labels
    bad, good = torch.tensor(train[y[train] == 1]), torch.tensor(train[y[train] == 0])
    score = nn.Sequential(nn.Linear(X.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(score.parameters(), lr=1e-3, weight_decay=1e-3)
    for step in range(500):
        i, j = bad[torch.randint(len(bad), (64,))], good[torch.randint(len(good), (64,))]
        loss = F.softplus(score(X[j]) - score(X[i])).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 100 == 99:
            with torch.no_grad():
                s = score(X[held]).numpy()
            print(f"step {step + 1}: pair loss {loss.item():.4f} auc {roc_auc_score(y[held], s):.4f}")
    platt = LogisticRegression().fit(s, y[held])
    with torch.no_grad():
        p = platt.predict_proba(score(X[test]).numpy())[:, 1]
    print(
        f"test auc {roc_auc_score(y[test], p):.4f} log loss {log_loss(y[test], p):.4f} "
        f"brier {brier_score_loss(y[test], p):.4f}"
    )


@case("healthy")
def quiet_prototypes_from_triplets(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    chosen = np.isin(digits.target, [3, 5, 8, 9])
    x = torch.tensor(digits.data[chosen] / 16).float()
    y = torch.tensor(np.isin(digits.target[chosen], [3, 5]).astype(int))
    a, b = train_test_split(np.arange(len(y)), test_size=0.35, stratify=digits.target[chosen], random_state=seed)
    ones, zeros = (torch.tensor(a[y[a].numpy() == c]) for c in (1, 0))
    encode = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8))
    opt = torch.optim.Adam(encode.parameters(), lr=2e-3)

    def draw(rows):
        return x[rows[torch.randint(len(rows), (48,))]]

    for step in range(1, 301):
        first, second = (ones, zeros) if step % 2 else (zeros, ones)
        anchor, same, other = (F.normalize(encode(draw(r)), dim=1) for r in (first, first, second))
        loss = F.triplet_margin_loss(anchor, same, other, margin=0.5)
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 60 == 0:
            with torch.no_grad():
                centres = [F.normalize(F.normalize(encode(x[r]), dim=1).mean(0), dim=0) for r in (zeros, ones)]
                sims = F.normalize(encode(x[b]), dim=1) @ torch.stack(centres).T
            margin = sims[:, 1] - sims[:, 0]
            print(
                f"step {step} triplet {loss.item():.4f} val auc {roc_auc_score(y[b], margin):.4f} "
                f"acc {(sims.argmax(1) == y[b]).float().mean():.4f}"
            )


@case("healthy")
def quiet_denoised_first_then_named(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed, raw=True)
    x, xv = torch.log(x + 0.1), torch.log(xv + 0.1)
    centre, spread = x.mean(0), x.std(0)
    x, xv = ((part - centre) / spread for part in (x, xv))
    encoder = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU())
    decoder = nn.Linear(32, x.shape[1])
    opt = torch.optim.Adam(itertools.chain(encoder.parameters(), decoder.parameters()), lr=3e-3)
    for _ in range(8):
        for i in torch.randperm(len(x)).split(50):
            hidden = torch.rand_like(x[i]) < 0.15
            loss = F.mse_loss(decoder(encoder(x[i].masked_fill(hidden, 0.0))), x[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    print(f"reconstruction {loss.item():.3f}")
    classifier = nn.Sequential(encoder, nn.Dropout(0.2), nn.Linear(32, 1))
    opt = torch.optim.AdamW(
        [{"params": encoder.parameters(), "lr": 1e-3}, {"params": classifier[2].parameters(), "lr": 5e-3}],
        weight_decay=0.05,
    )
    for epoch in range(12):
        classifier.train()
        for i in torch.randperm(len(x)).split(50):
            loss = F.binary_cross_entropy_with_logits(classifier(x[i]).squeeze(1), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
        classifier.eval()
        with torch.no_grad():
            z = classifier(xv).squeeze(1)
        print(f"epoch {epoch} val loss {F.binary_cross_entropy_with_logits(z, yv):.4f} auc {roc_auc_score(yv, z):.4f}")


@case("healthy")
def quiet_student_of_warm_teacher(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("moons", seed)

    def build(*sizes):
        layers = []
        for a, b in itertools.pairwise(sizes):
            layers += [nn.Linear(a, b), nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    def run(net, objective, epochs):
        opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        for _ in range(epochs):
            for i in torch.randperm(len(x)).split(40):
                opt.zero_grad()
                objective(net(x[i]), i).backward()
                opt.step()
        with torch.no_grad():
            z = net(xv)
        print(
            f"params {sum(p.numel() for p in net.parameters())} val loss {F.cross_entropy(z, yv.long()):.4f} "
            f"auc {roc_auc_score(yv, z[:, 1] - z[:, 0]):.4f} acc {(z.argmax(1) == yv).float().mean():.4f}"
        )

    teacher, student = build(2, 48, 48, 2), build(2, 12, 2)
    run(teacher, lambda z, i: F.cross_entropy(z, y[i].long()), 25)
    with torch.no_grad():
        soft = torch.softmax(teacher(x) / 2.0, dim=1)

    def mixed(z, i):
        taught = F.kl_div(F.log_softmax(z / 2.0, dim=1), soft[i], reduction="batchmean") * 4.0
        return 0.7 * taught + 0.3 * F.cross_entropy(z, y[i].long())

    run(student, mixed, 50)


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h, strength):
        ctx.strength = strength
        return h.view_as(h)

    @staticmethod
    def backward(ctx, grad):
        return -ctx.strength * grad, None


@case("healthy")
def quiet_two_hospitals_reversed(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def hospital(n, device):
        y = rng.integers(0, 2, n)
        core = rng.normal(size=(n, 4)) + (2 * y[:, None] - 1) * np.array([0.7, 0.6, 0.5, 0.4])
        shade = rng.normal(size=(n, 2)) + device
        return torch.tensor(np.hstack([core, shade])).float(), torch.tensor(y).float()

    xs, ys = hospital(1200, -0.7)
    xt, _ = hospital(1200, 0.7)
    xv, yv = hospital(600, 0.7)
    body = nn.Sequential(nn.Linear(6, 24), nn.ReLU())
    label_head = nn.Linear(24, 1)
    place_head = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    everything = nn.ModuleList([body, label_head, place_head])
    opt = torch.optim.Adam(everything.parameters(), lr=2e-3)
    for epoch in range(12):
        for i, j in zip(torch.randperm(1200).split(60), torch.randperm(1200).split(60), strict=False):
            hs, ht = body(xs[i]), body(xt[j])
            place = place_head(Reverse.apply(torch.cat([hs, ht]), 0.3)).squeeze(1)
            where = torch.cat([torch.zeros(len(i)), torch.ones(len(j))])
            loss_y = F.binary_cross_entropy_with_logits(label_head(hs).squeeze(1), ys[i])
            loss_d = F.binary_cross_entropy_with_logits(place, where)
            opt.zero_grad()
            (loss_y + loss_d).backward()
            opt.step()
        with torch.no_grad():
            z = label_head(body(xv)).squeeze(1)
        if epoch % 2:
            print(
                f"epoch {epoch} label {loss_y.item():.3f} place {loss_d.item():.3f} other hospital: auc "
                f"{roc_auc_score(yv, z):.4f} acc {((z > 0) == yv.bool()).float().mean():.4f}"
            )


@case("healthy")
def quiet_blended_signals_soft_targets(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n, length = 1200, 64
    y = rng.integers(0, 2, n)
    start = rng.integers(4, 40, n)
    t = np.arange(length)
    inside = (t >= start[:, None]) & (t < start[:, None] + 16)
    freq = np.where(y == 1, 0.30, 0.20)[:, None]
    waves = rng.normal(0, 0.7, (n, length)) + inside * np.sin(2 * np.pi * freq * t + rng.uniform(0, 6, (n, 1)))
    X, Y = torch.tensor(waves).float().unsqueeze(1), torch.tensor(y).float()
    net = nn.Sequential(
        nn.Conv1d(1, 16, 9, padding=4),
        nn.ReLU(),
        nn.Conv1d(16, 16, 7, padding=3),
        nn.ReLU(),
        nn.AdaptiveMaxPool1d(1),
        nn.Flatten(),
        nn.Linear(16, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    beta = torch.distributions.Beta(0.2, 0.2)
    for epoch in range(12):
        net.train()
        for i in torch.randperm(900).split(50):
            lam = beta.sample()
            j = i[torch.randperm(len(i))]
            x = lam * X[i] + (1 - lam) * X[j]
            target = lam * Y[i] + (1 - lam) * Y[j]
            target = 0.05 + 0.9 * target
            loss = F.binary_cross_entropy_with_logits(net(x)[:, 0], target)
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(X[900:])[:, 0]
        print(
            f"epoch {epoch} val loss {F.binary_cross_entropy_with_logits(z, Y[900:]):.4f} "
            f"auc {roc_auc_score(Y[900:], z):.4f} acc {((z > 0) == Y[900:].bool()).float().mean():.4f}"
        )


@case("healthy")
def quiet_shifted_copies_at_test(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    images = F.pad(torch.tensor(digits.images / 16).float().unsqueeze(1), (1, 1, 1, 1))
    odd = torch.tensor(digits.target % 2).float()
    a, b = train_test_split(np.arange(len(odd)), test_size=0.3, stratify=digits.target, random_state=seed)
    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.BatchNorm2d(12),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1),
        nn.BatchNorm2d(24),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(96, 1),
    )
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=14)
    moves = [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]

    def predict(rows, copies):
        net.eval()
        with torch.no_grad():
            return torch.stack([net(images[rows].roll(m, dims=(2, 3)))[:, 0].sigmoid() for m in copies]).mean(dim=0)

    for epoch in range(14):
        net.train()
        for rows in torch.tensor(a)[torch.randperm(len(a))].split(64):
            move = moves[torch.randint(len(moves), ()).item()]
            loss = F.binary_cross_entropy_with_logits(net(images[rows].roll(move, dims=(2, 3)))[:, 0], odd[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        plan.step()
        one, five = predict(b, moves[:1]), predict(b, moves)
        print(
            f"epoch {epoch} val loss {F.binary_cross_entropy(five, odd[b]):.4f} single acc "
            f"{((one > 0.5) == odd[b].bool()).float().mean():.4f} five copies acc "
            f"{((five > 0.5) == odd[b].bool()).float().mean():.4f} auc {roc_auc_score(odd[b], five):.4f}"
        )


@case("healthy")
def quiet_fifty_passes_spread(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("circles", seed)
    net = nn.Sequential(
        nn.Linear(2, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1)
    )
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for _epoch in range(25):
        net.train()
        for i in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[i]).squeeze(1), y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        plain = net(xv).squeeze(1).sigmoid()
        for layer in net:
            if isinstance(layer, nn.Dropout):
                layer.train()
        draws = torch.stack([net(xv).squeeze(1).sigmoid() for _ in range(50)])
        net.eval()
    mean, spread = draws.mean(0), draws.std(0)
    sure = spread <= spread.quantile(0.7)
    for name, p in (("plain", plain), ("fifty passes", mean)):
        print(
            f"{name}: val loss {F.binary_cross_entropy(p, yv):.4f} auc {roc_auc_score(yv, p):.4f} "
            f"acc {((p > 0.5) == yv.bool()).float().mean():.4f}"
        )
    print(f"acc on the 70% surest: {((mean > 0.5) == yv.bool())[sure].float().mean():.4f}")


@case("healthy")
def quiet_sets_with_coverage_and_costs(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("credit_data").distinct()
    train, held, test = three_ways(len(table.labels), table.labels, seed)
    prep = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), table.numeric),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), table.categorical),
    ).fit(table.features.iloc[train])
    X, y = torch.tensor(prep.transform(table.features)).float(), table.labels
    net = nn.Sequential(nn.Linear(X.shape[1], 20), nn.ELU(), nn.Linear(20, 1), nn.Sigmoid(), nn.Flatten(0))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    rows = TensorDataset(X[train], torch.tensor(y[train]).float())
    for _epoch in range(10):
        for xb, yb in DataLoader(rows, batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        p_held, p_test = net(X[held]).numpy(), net(X[test]).numpy()
    print(f"test auc {roc_auc_score(y[test], p_test):.4f} log loss {log_loss(y[test], p_test):.4f}")
    surprise = np.where(y[held] == 1, 1 - p_held, p_held)
    for alpha in (0.05, 0.1, 0.2):
        level = math.ceil((len(held) + 1) * (1 - alpha)) / len(held)
        q = np.quantile(surprise, level, method="higher")
        inside = np.stack([p_test <= q, 1 - p_test <= q], axis=1)
        print(
            f"alpha {alpha}: coverage {inside[np.arange(len(test)), y[test]].mean():.3f} "
            f"set size {inside.sum(1).mean():.2f}"
        )
    cost_miss, cost_refusal = 5.0, 1.0
    for name, cut in (("0.5", 0.5), ("cost ratio", cost_refusal / (cost_refusal + cost_miss))):
        refused = p_test >= cut
        cost = cost_miss * ((y[test] == 1) & ~refused).mean() + cost_refusal * ((y[test] == 0) & refused).mean()
        print(f"cut {name}: mean cost {cost:.4f} balanced accuracy {balanced_accuracy_score(y[test], refused):.4f}")


@case("healthy")
def quiet_learned_features_then_logistic(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("circles", seed)
    first, second = torch.arange(0, 400), torch.arange(400, 600)
    trunk = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU())
    head = nn.Linear(12, 2)
    opt = torch.optim.Adam([*trunk.parameters(), *head.parameters()], lr=5e-3)
    for _epoch in range(30):
        for i in torch.randperm(400).split(40):
            opt.zero_grad()
            loss = F.cross_entropy(head(trunk(x[first][i])), y[first][i].long())
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = head(trunk(xv))
        print(
            f"network alone: train {loss.item():.4f} val loss {F.cross_entropy(z, yv.long()):.4f} "
            f"auc {roc_auc_score(yv, z[:, 1] - z[:, 0]):.4f}"
        )
        features = {"second": trunk(x[second]).numpy(), "val": trunk(xv).numpy()}
    top = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000)).fit(features["second"], y[second])
    p = top.predict_proba(features["val"])[:, 1]
    print(
        f"logistic on features: log loss {log_loss(yv, p):.4f} auc {roc_auc_score(yv, p):.4f} "
        f"acc {top.score(features['val'], yv):.4f}"
    )


@case("healthy")
def quiet_one_pass_over_a_stream(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def stream(length=8000, size=20):
        for start in range(0, length, size):
            x = rng.normal(size=(size, 5))
            drift = 0.5 * start / length
            z = 2.5 * x[:, 0] * (1 - drift) + 1.5 * drift * x[:, 3] - 1.8 * np.abs(x[:, 1]) + 1.2 * x[:, 2] + 1.2
            yield torch.tensor(x).float(), torch.tensor(rng.random(size) < 1 / (1 + np.exp(-z))).float()

    net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    seen = []
    for x, y in stream():
        z = net(x)
        seen.append((y.numpy(), z.detach().sigmoid().numpy()))
        loss = F.binary_cross_entropy_with_logits(z, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    for k in range(0, len(seen), 80):
        truth, p = (np.concatenate(v) for v in zip(*seen[k : k + 80], strict=False))
        print(f"rows {20 * k:5d}-: log loss {log_loss(truth, p.astype(float)):.4f} auc {roc_auc_score(truth, p):.4f}")


@case("healthy")
def quiet_four_branches_average(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    table = load("credit_data").distinct()
    train, valid, _ = three_ways(len(table.labels), table.labels, seed)
    prep = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), table.numeric),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), table.categorical),
    ).fit(table.features.iloc[train])
    X, y = torch.tensor(prep.transform(table.features)).float(), torch.tensor(table.labels).float()
    branches = np.split(rng.permutation(train), [400, 1000, 1700])
    server = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    for turn in range(18):
        states = []
        for rows in branches:
            local = copy.deepcopy(server)
            opt = torch.optim.SGD(local.parameters(), lr=0.15)
            for i in torch.tensor(rows)[torch.randperm(len(rows))].split(32):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(local(X[i])[:, 0], y[i]).backward()
                opt.step()
            states.append((len(rows) / len(train), local.state_dict()))
        server.load_state_dict({k: sum(share * s[k] for share, s in states) for k in states[0][1]})
        with torch.no_grad():
            p = server(X[valid])[:, 0].sigmoid().numpy()
        if turn % 3 == 2:
            print(f"turn {turn} val loss {log_loss(y[valid], p):.4f} auc {roc_auc_score(y[valid], p):.4f}")


@case("healthy")
def quiet_population_copies_the_best(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X, y = make_moons(1500, noise=0.25, random_state=seed)
    X, y = torch.tensor(X).float(), torch.tensor(y).float()
    fit, valid, test = slice(0, 800), slice(800, 1150), slice(1150, 1500)
    members = []
    for rate in (0.03, 0.05, 0.08, 0.12):
        net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 1))
        members.append({"net": net, "rate": rate})

    def lost(net, part):
        with torch.no_grad():
            return F.binary_cross_entropy_with_logits(net(X[part])[:, 0], y[part]).item()

    for generation in range(12):
        for member in members:
            opt = torch.optim.SGD(member["net"].parameters(), lr=member["rate"], momentum=0.9)
            for _ in range(3):
                for i in torch.randperm(800).split(40):
                    opt.zero_grad()
                    F.binary_cross_entropy_with_logits(member["net"](X[fit][i])[:, 0], y[fit][i]).backward()
                    opt.step()
            member["loss"] = lost(member["net"], valid)
        members.sort(key=lambda m: m["loss"])
        best, worst = members[0], members[-1]
        worst["net"] = copy.deepcopy(best["net"])
        worst["rate"] = float(np.clip(best["rate"] * rng.choice([0.7, 1.3]), 0.01, 0.15))
        with torch.no_grad():
            for w in worst["net"].parameters():
                w.add_(0.02 * torch.randn_like(w))
        print(f"generation {generation}: best val loss {best['loss']:.4f} rate {best['rate']:.3f}")
    with torch.no_grad():
        z = members[0]["net"](X[test])[:, 0]
    print(
        f"test loss {lost(members[0]['net'], test):.4f} auc {roc_auc_score(y[test], z):.4f} "
        f"acc {((z > 0) == y[test].bool()).float().mean():.4f}"
    )


class Ladder(nn.Module):
    def __init__(self, columns, grades):
        super().__init__()
        self.slope = nn.Sequential(nn.Linear(columns, 24), nn.ReLU(), nn.Linear(24, 1, bias=False))
        self.steps = nn.Parameter(torch.linspace(1.0, -1.0, grades - 1))

    def forward(self, x):
        return self.slope(x) + self.steps


@case("healthy")
def quiet_grades_asked_for_the_top(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2200, 7))
    quality = x[:, 0] + 0.8 * np.sin(2 * x[:, 1]) + 0.7 * x[:, 2] * x[:, 3] + rng.logistic(0, 0.35, 2200)
    grade = np.digitize(quality, np.quantile(quality[:1600], [0.2, 0.45, 0.7, 0.9]))
    X = torch.tensor(x).float()
    levels = torch.tensor(grade[:, None] > np.arange(4)).float()
    model = Ladder(7, 5)
    opt = torch.optim.Adam(model.parameters(), lr=8e-3)
    for epoch in range(36):
        for i in torch.randperm(1600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(X[i]), levels[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 6 == 5:
            with torch.no_grad():
                z = model(X[1600:])
            good = grade[1600:] >= 3
            print(
                f"epoch {epoch} val loss {F.binary_cross_entropy_with_logits(z, levels[1600:]):.4f} grade 3 or more: "
                f"auc {roc_auc_score(good, z[:, 2]):.4f} bacc {balanced_accuracy_score(good, z[:, 2] > 0):.4f} "
                f"grade error {np.abs((z > 0).sum(1).numpy() - grade[1600:]).mean():.3f}"
            )


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=3e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            slow, fast = group["betas"]
            for w in group["params"]:
                if w.grad is None:
                    continue
                memory = self.state[w].setdefault("memory", torch.zeros_like(w))
                direction = memory.mul(slow).add(w.grad, alpha=1 - slow).sign()
                w.mul_(1 - group["lr"] * group["weight_decay"]).add_(direction, alpha=-group["lr"])
                memory.mul_(fast).add_(w.grad, alpha=1 - fast)


class HalfAndHalf(Sampler):
    def __init__(self, y, size, generator):
        self.pools = [torch.nonzero(y == c)[:, 0] for c in (0, 1)]
        self.half, self.generator = size // 2, generator
        self.count = len(y) // size

    def __len__(self):
        return self.count

    def __iter__(self):
        for _ in range(self.count):
            picks = [p[torch.randint(len(p), (self.half,), generator=self.generator)] for p in self.pools]
            yield torch.cat(picks).tolist()


@case("healthy")
def quiet_lion_on_even_batches(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("mlc_churn")
    frame = table.features.select_dtypes("number")
    frame = frame.assign(
        bill=frame.filter(like="_charge").sum(axis=1), upset=(frame["number_customer_service_calls"] > 3).astype(float)
    )
    frame = frame.drop(columns=[c for c in frame if c.endswith("charge")])
    frame = frame.assign(
        abroad=(table.features["international_plan"] == "yes").astype(float),
        mailbox=(table.features["voice_mail_plan"] == "yes").astype(float),
    )
    x, y = frame.to_numpy(np.float32), torch.tensor(table.labels).float()
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    train, valid = order[:3500], order[3500:]
    centre, spread = x[train].mean(0), x[train].std(0)
    X = torch.tensor((x - centre) / spread)
    batches = HalfAndHalf(y[train], 64, torch.Generator().manual_seed(seed))
    loader = DataLoader(TensorDataset(X[train], y[train]), batch_sampler=batches)
    share = y[train].mean()
    prior = torch.log(share / (1 - share))
    net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))
    opt = Lion(net.parameters(), lr=1.2e-3, weight_decay=0.2)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=16)
    for epoch in range(16):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
        plan.step()
        net.eval()
        with torch.no_grad():
            z = net(X[valid])[:, 0]
        p = torch.sigmoid(z + prior)
        print(
            f"epoch {epoch} val loss {F.binary_cross_entropy(p, y[valid]):.4f} auc {roc_auc_score(y[valid], z):.4f} "
            f"ap {average_precision_score(y[valid], z):.4f} bacc {balanced_accuracy_score(y[valid], z > 0):.4f}"
        )


class SameOrNot(nn.Module):
    def __init__(self):
        super().__init__()
        self.eye = nn.Sequential(
            nn.LazyConv2d(12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(24)
        )
        self.verdict = nn.Sequential(nn.LazyLinear(24), nn.ReLU(), nn.LazyLinear(1))

    def forward(self, left, right):
        a, b = self.eye(left), self.eye(right)
        return self.verdict(torch.cat([(a - b).abs(), a * b], dim=1)).squeeze(1)


@case("healthy")
def quiet_same_digit_or_not(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    images = torch.tensor(digits.images / 16).float()[:, None]
    kind = torch.tensor(digits.target)
    a, b = train_test_split(np.arange(len(kind)), test_size=0.35, stratify=digits.target, random_state=seed)

    def pairs(rows, count):
        rows = torch.tensor(rows)
        left = rows[torch.randint(len(rows), (count,))]
        right = rows[torch.randint(len(rows), (count,))]
        for c in range(10):
            mine = rows[kind[rows] == c]
            twin = (kind[left] == c) & (torch.rand(count) < 0.45)
            right[twin] = mine[torch.randint(len(mine), (int(twin.sum()),))]
        keep = left != right
        return left[keep], right[keep], (kind[left] == kind[right])[keep].float()

    model = SameOrNot()
    model(images[:2], images[2:4])
    steps = 450
    opt = torch.optim.AdamW(
        [{"params": model.eye.parameters(), "lr": 3e-3}, {"params": model.verdict.parameters(), "lr": 6e-3}]
    )
    plan = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=[3e-3, 6e-3], total_steps=steps)
    left_v, right_v, same_v = pairs(b, 1500)
    for step in range(1, steps + 1):
        left, right, same = pairs(a, 64)
        loss = F.binary_cross_entropy_with_logits(model(images[left], images[right]), same)
        opt.zero_grad()
        loss.backward()
        opt.step()
        plan.step()
        if step % 75 == 0:
            with torch.no_grad():
                z = model(images[left_v], images[right_v])
            print(
                f"step {step} loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, same_v):.4f} "
                f"auc {roc_auc_score(same_v, z):.4f} acc {((z > 0) == same_v.bool()).float().mean():.4f}"
            )


@case("healthy")
def quiet_mean_of_last_checkpoints(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("clouds", seed)
    table, kept = [], []
    net = nn.Sequential(nn.Linear(8, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.04, momentum=0.8, weight_decay=1e-2)
    loader = DataLoader(
        TensorDataset(x, y), sampler=RandomSampler(range(len(x)), replacement=True, num_samples=32 * 160), batch_size=32
    )

    def measure(step, state):
        probe = copy.deepcopy(net)
        probe.load_state_dict(state)
        with torch.no_grad():
            z = probe(xv)[:, 0]
        loss = F.binary_cross_entropy_with_logits(z, yv).item()
        table.append(
            {
                "step": step,
                "val loss": loss,
                "auc": roc_auc_score(yv, z),
                "acc": ((z > 0) == yv.bool()).float().mean().item(),
            }
        )

    for step, (xb, yb) in enumerate(loader, 1):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
        opt.step()
        if step % 20 == 0:
            state = copy.deepcopy(net.state_dict())
            kept = [*kept[-3:], state]
            measure(step, state)
    measure("mean", {k: torch.stack([s[k] for s in kept]).mean(0) for k in kept[0]})
    print(pd.DataFrame(table).round(4).to_string(index=False))


@case("healthy")
def quiet_bags_with_one_bad_apple(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bags = rng.normal(size=(1200, 10, 4))
    label = rng.integers(0, 2, 1200)
    where = rng.integers(0, 10, 1200)
    ill = label == 1
    bags[np.flatnonzero(ill), where[ill]] += np.array([2.2, -2.2, 1.5, 0.0])
    X, y = torch.tensor(bags).float(), torch.tensor(label).float()
    look = nn.Sequential(nn.Linear(4, 24), nn.Tanh())
    weigh = nn.Linear(24, 1)
    decide = nn.Linear(24, 1)
    opt = torch.optim.Adam([p for part in (look, weigh, decide) for p in part.parameters()], lr=3e-3, weight_decay=1e-3)

    def forward(batch):
        h = look(batch)
        share = weigh(h).softmax(dim=1)
        return decide((share * h).sum(dim=1))[:, 0], share[..., 0]

    for epoch in range(16):
        for i in torch.randperm(900).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(forward(X[i])[0], y[i])
            loss.backward()
            opt.step()
        if epoch % 4 == 3:
            with torch.no_grad():
                z, share = forward(X[900:])
            found = (share.argmax(1).numpy() == where[900:])[ill[900:]].mean()
            print(
                f"epoch {epoch} loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, y[900:]):.4f} "
                f"auc {roc_auc_score(y[900:], z):.4f} acc {((z > 0) == y[900:].bool()).float().mean():.4f} "
                f"the right one found {found:.3f}"
            )


@case("healthy")
def quiet_snapshots_of_warm_restarts(seed: int) -> None:
    torch.manual_seed(seed)
    mammograms = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv").drop_duplicates()
    names = ["age", "shape", "margin", "density"]
    mammograms = mammograms.drop_duplicates(names).sample(frac=1, random_state=seed)
    wide = pd.get_dummies(mammograms[names], columns=["shape", "margin"], dtype=float)
    wide["age"] = wide["age"] / 10 - 5.5
    wide["density"] -= 3
    x, y = torch.tensor(wide.to_numpy()).float(), torch.tensor(mammograms["malignant"].to_numpy()).float()
    cut = int(0.65 * len(y))
    net = nn.Sequential(nn.Linear(x.shape[1], 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=0.1)
    plan = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=10)
    shots = []
    for epoch in range(30):
        for i in torch.randperm(cut).split(16):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[i])[:, 0], y[i]).backward()
            opt.step()
        plan.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                shots.append(net(x[cut:])[:, 0].sigmoid())
            print(
                f"cycle {epoch // 10} val loss {F.binary_cross_entropy(shots[-1], y[cut:]):.4f} "
                f"auc {roc_auc_score(y[cut:], shots[-1]):.4f}"
            )
    p = torch.stack(shots).mean(0)
    print(
        f"together val loss {F.binary_cross_entropy(p, y[cut:]):.4f} auc {roc_auc_score(y[cut:], p):.4f} "
        f"acc {((p > 0.5) == y[cut:].bool()).float().mean():.4f}"
    )
