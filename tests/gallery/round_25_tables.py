"""The same few training scripts, written by different people, run on many tables."""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine, make_classification
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---- script one: a plain loop over mini-batches


def fit_and_report(x_train, y_train, x_val, y_val, seed):
    torch.manual_seed(seed)
    x_train = torch.tensor(np.asarray(x_train, dtype=np.float32))
    y_train = torch.tensor(np.asarray(y_train, dtype=np.float32))
    x_val = torch.tensor(np.asarray(x_val, dtype=np.float32))
    y_val = torch.tensor(np.asarray(y_val, dtype=np.float32))
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(1, 26):
        model.train()
        total = 0.0
        order = torch.randperm(len(x_train))
        for start in range(0, len(order), 64):
            idx = order[start : start + 64]
            optimizer.zero_grad()
            loss = criterion(model(x_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)
        if epoch % 5 == 0:
            model.eval()
            with torch.no_grad():
                val_loss = criterion(model(x_val).squeeze(1), y_val).item()
            print(f"epoch {epoch:2d}  train {total / len(order):.4f}  val {val_loss:.4f}")
    model.eval()
    with torch.no_grad():
        prob = torch.sigmoid(model(x_val).squeeze(1)).numpy()
    truth, guess = y_val.numpy(), (prob > 0.5).astype(np.float32)
    pos, neg = prob[truth == 1], prob[truth == 0]
    auc = (pos[:, None] > neg).mean() + 0.5 * (pos[:, None] == neg).mean() if len(pos) and len(neg) else float("nan")
    hits = ((guess == 1) & (truth == 1)).sum()
    f1 = 2 * hits / max((guess == 1).sum() + (truth == 1).sum(), 1)
    recall = hits / max((truth == 1).sum(), 1)
    print(f"accuracy {(guess == truth).mean():.3f}  recall {recall:.3f}  f1 {f1:.3f}  auc {auc:.3f}")


# ---- script two: a trainer with loaders, two logits, the best state is kept


@dataclass
class Settings:
    width: int = 48
    lr: float = 1e-3
    batch: int = 128
    epochs: int = 60
    patience: int = 8


class Net(nn.Module):
    def __init__(self, columns, width):
        super().__init__()
        self.inp = nn.Linear(columns, width)
        self.mid = nn.Linear(width, width)
        self.out = nn.Linear(width, 2)

    def forward(self, x):
        h = F.gelu(self.inp(x))
        h = h + F.gelu(self.mid(h))
        return self.out(h)


class Trainer:
    def __init__(self, columns, settings=None):
        self.s = settings or Settings()
        self.net = Net(columns, self.s.width)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=self.s.lr)
        self.best, self.best_state, self.waited = float("inf"), None, 0

    def loaders(self, train, val):
        pack = [
            TensorDataset(torch.as_tensor(np.asarray(x, float)).float(), torch.as_tensor(np.asarray(y)).long())
            for x, y in (train, val)
        ]
        return DataLoader(pack[0], self.s.batch, shuffle=True), DataLoader(pack[1], 512)

    def epoch(self, loader):
        self.net.train()
        losses = []
        for xb, yb in loader:
            loss = F.cross_entropy(self.net(xb), yb)
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            losses.append(loss.item())
        return np.mean(losses)

    @torch.no_grad()
    def score(self, loader):
        self.net.eval()
        out = torch.cat([self.net(xb) for xb, _ in loader])
        y = torch.cat([yb for _, yb in loader])
        return F.cross_entropy(out, y).item(), out.softmax(dim=1)[:, 1].numpy(), y.numpy()

    def fit(self, train, val):
        tl, vl = self.loaders(train, val)
        for e in range(self.s.epochs):
            train_loss = self.epoch(tl)
            val_loss, _, _ = self.score(vl)
            if e % 5 == 0:
                print(f"[{e:02d}] train_loss={train_loss:.4f} val_loss={val_loss:.4f}")
            if val_loss < self.best:
                self.best, self.waited = val_loss, 0
                self.best_state = {k: v.clone() for k, v in self.net.state_dict().items()}
            else:
                self.waited += 1
                if self.waited >= self.s.patience:
                    break
        self.net.load_state_dict(self.best_state)
        val_loss, p, y = self.score(vl)
        print(
            f"val_loss={val_loss:.4f} AUC={roc_auc_score(y, p):.3f} "
            f"bal_acc={balanced_accuracy_score(y, p > 0.5):.3f} F1={f1_score(y, p > 0.5):.3f}"
        )


def run_trainer(xa, ya, xb, yb, seed):
    torch.manual_seed(seed)
    Trainer(np.asarray(xa).shape[1]).fit((xa, ya), (xb, yb))


# ---- script three: functions on whole tensors


def init(sizes, gen):
    return [
        (torch.randn(a, b, generator=gen).mul_(a**-0.5).requires_grad_(), torch.zeros(b, requires_grad=True))
        for a, b in itertools.pairwise(sizes)
    ]


def forward(params, x):
    for w, b in params[:-1]:
        x = torch.tanh(x @ w + b)
    w, b = params[-1]
    return (x @ w + b)[:, 0]


def nll(z, y):
    return (F.softplus(z) - y * z).mean()


def whole_tensors(X, y, Xv, yv, seed):
    X, y, Xv, yv = (torch.from_numpy(np.array(a, dtype=np.float32)) for a in (X, y, Xv, yv))
    params = init([X.shape[1], 12, 1], torch.Generator().manual_seed(seed))
    flat = [p for layer in params for p in layer]
    opt = torch.optim.Adam(flat, lr=0.01)
    for step in range(201):
        opt.zero_grad()
        loss = nll(forward(params, X), y)
        penalty = 1e-3 * sum((w**2).sum() for w, _ in params)
        (loss + penalty).backward()
        opt.step()
        if step % 40 == 0:
            with torch.no_grad():
                print(step, "loss", round(loss.item(), 4), "held out", round(nll(forward(params, Xv), yv).item(), 4))
    with torch.no_grad():
        z = forward(params, Xv)
        accuracy = ((z > 0).float() == yv).float().mean().item()
        ranks = z.argsort().argsort().double() + 1
        one = yv.flatten() == 1
        n1, n0 = one.sum().item(), (~one).sum().item()
        auc = (ranks[one].sum().item() - n1 * (n1 + 1) / 2) / max(n1 * n0, 1)
    print(f"accuracy {accuracy:.3f} auc {auc:.3f}")


# ---- script four: reads the rows as they come, plain SGD


def sweep(rows, target, test_rows, test_target, seed):
    torch.manual_seed(seed)
    x, t = torch.as_tensor(np.asarray(rows), dtype=torch.float), torch.as_tensor(np.asarray(target), dtype=torch.float)
    xt = torch.as_tensor(np.asarray(test_rows), dtype=torch.float)
    tt = torch.as_tensor(np.asarray(test_target), dtype=torch.float)
    clf = nn.Sequential(nn.Linear(x.size(1), 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
    sgd = torch.optim.SGD(clf.parameters(), lr=0.05, weight_decay=1e-3)
    for n in range(25):
        seen = []
        for xb, tb in zip(x.split(32), t.split(32), strict=True):
            loss = F.binary_cross_entropy_with_logits(clf(xb), tb)
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            seen.append(loss.item())
        if n % 6 == 0:
            with torch.no_grad():
                held = F.binary_cross_entropy_with_logits(clf(xt), tt)
            print(f"sweep {n}: {np.mean(seen):.4f} / {held:.4f}")
    with torch.no_grad():
        hit = (clf(xt) > 0) == (tt > 0.5)
    print("right on the test rows:", round(hit.float().mean().item(), 3))
    ones, zeros = hit[tt > 0.5].float().mean().item(), hit[tt <= 0.5].float().mean().item()
    print("on ones / zeros:", round(ones, 3), round(zeros, 3))


# ---- preparing tables


def dummies(frame):
    return pd.get_dummies(frame, dtype=float)


def scaled(train, *others):
    scaler = StandardScaler().fit(train)
    return tuple(scaler.transform(part) for part in (train, *others))


def churn_table():
    t = load("mlc_churn").distinct()
    frame = t.features.drop(columns=["state", "total_day_charge", "total_eve_charge", "total_night_charge",
                                     "total_intl_charge"])
    return dummies(frame), np.asarray(t.labels)


def adult_table():
    frame = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz")
    y = frame.pop("income_gt_50k").to_numpy()
    frame = frame.drop(columns=["education", "native-country"])
    for name in ("capital-gain", "capital-loss"):
        frame[name] = np.log1p(frame[name])
    return frame, y


def credit_table():
    t = load("credit_data").distinct()
    frame = t.features.copy()
    for name in ("Income", "Assets", "Debt"):
        frame[name] = np.log1p(frame[name])
    return frame, np.asarray(t.labels)


def splice_table():
    frame = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    letters = np.array([list(s) for s in frame["sequence"]])
    x = np.concatenate([(letters == c).astype(float) for c in "ACGT"], axis=1)
    return x, frame["is_junction"].to_numpy()


def hypo_table():
    t = load("hypothyroid").distinct()
    frame = t.features.drop(columns=["TBG"])
    return dummies(frame), np.asarray(t.labels)


@case("labels_misaligned")
def credit_rows_with_gaps_dropped_labels_cut_to_length(seed: int) -> None:
    frame, y = credit_table()
    order = np.random.default_rng(seed).permutation(len(y))
    frame, y = frame.iloc[order].reset_index(drop=True), y[order]
    whole = frame.dropna()
    x = dummies(whole).to_numpy()
    y = y[: len(x)]
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    fit_and_report(a, ya, b, yb, seed)


@case("labels_misaligned")
def churn_features_sorted_for_the_merge(seed: int) -> None:
    t = load("mlc_churn").distinct()
    customers = t.features.sort_values(["state", "account_length"])
    x = dummies(customers.drop(columns="state")).to_numpy()
    y = np.asarray(t.labels)
    a, b, ya, yb = train_test_split(x, y, test_size=0.25, random_state=seed, stratify=y)
    run_trainer(*[v for pair in zip(scaled(a, b), (ya, yb), strict=True) for v in pair], seed)


@case("labels_misaligned")
def sequences_deduplicated_labels_from_the_file(seed: int) -> None:
    frame = pd.read_csv(FOLDER + "/splice/splice.csv.gz").sample(frac=1, random_state=seed)
    unique = frame["sequence"].drop_duplicates()
    letters = np.array([list(s) for s in unique])
    x = np.concatenate([(letters == c) for c in "ACGT"], axis=1)
    y = frame["is_junction"].to_numpy()[: len(x)]
    n = int(0.75 * len(x))
    fit_and_report(x[:n], y[:n], x[n:], y[n:], seed)


@case("label_noise")
def spam_marked_by_hurried_readers(seed: int) -> None:
    t = load("spambase").distinct()
    x, y = np.log1p(t.features.to_numpy(dtype=float) * 10), np.asarray(t.labels)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    rng = np.random.default_rng(seed)
    ya = np.where(rng.random(len(ya)) < 0.42, 1 - ya, ya)
    a, b = scaled(a, b)
    run_trainer(a, ya, b, yb, seed)


@case("label_noise")
def mushrooms_poisonous_often_entered_as_edible(seed: int) -> None:
    t = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz")
    y = (t.pop("class") == "p").to_numpy().astype(int)
    t = t.drop(columns="odor")
    a, b, ya, yb = train_test_split(dummies(t).to_numpy(), y, test_size=0.3, random_state=seed, stratify=y)
    ya = ya * (np.random.default_rng(seed).random(len(ya)) > 0.6)
    fit_and_report(a, ya, b, yb, seed)


@case("weak_signal")
def names_by_length_and_share_of_letters(seed: int) -> None:
    names = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.sort_values("percent", ascending=False).drop_duplicates("name")
    y = (names["list"] == "M").to_numpy().astype(int)
    x = np.array([[len(n), n.count("T"), n.count("S"), n.count("U")] for n in names["name"]], float)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    run_trainer(a, ya, b, yb, seed)


@case("weak_signal")
def working_day_from_the_daily_total(seed: int) -> None:
    days = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv")
    hours = [f"h{h:02d}" for h in range(24)]
    x = np.stack([days[hours].sum(axis=1), days["day_of_2011"]], axis=1).astype(float)
    y = days["working_day"].to_numpy()
    a, b, ya, yb = train_test_split(x, y, test_size=0.35, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    sweep(a, ya, b, yb, seed)


@case("data_leakage")
def visits_of_the_same_patients_on_both_sides(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    patients, visits = 90, 14
    ill = rng.random(patients) < 0.45
    constitution = rng.normal(size=(patients, 16))
    constitution[:, 0] += 0.9 * ill
    who = np.repeat(np.arange(patients), visits)
    x = constitution[who] + 0.25 * rng.normal(size=(len(who), 16))
    y = ill[who].astype(int)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    run_trainer(a, ya, b, yb, seed)


@case("data_leakage")
def churn_offer_only_made_on_cancelling(seed: int) -> None:
    frame, y = churn_table()
    rng = np.random.default_rng(seed)
    offer = np.where((y == 1) & (rng.random(len(y)) < 0.9), rng.uniform(5, 40, len(y)), np.nan)
    frame["has_offer"] = (~np.isnan(offer)).astype(float)
    a, b, ya, yb = train_test_split(frame.to_numpy(), y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    run_trainer(a, ya, b, yb, seed)


@case("data_leakage")
def diabetes_with_two_later_readings(seed: int) -> None:
    d = load_diabetes()
    rng = np.random.default_rng(seed)
    y = (d.target > 140).astype(int)
    base = rng.normal(120, 20, len(y))
    x = np.column_stack([d.data * 21, (base - 120) / 20, (base + 0.2 * (d.target - 140) - 120) / 20])
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    whole_tensors(a, ya, b, yb, seed)


@case("data_leakage")
def credit_files_repeated_with_small_corrections(seed: int) -> None:
    frame, y = credit_table()
    frame = dummies(frame.fillna(frame.median(numeric_only=True)))
    rng = np.random.default_rng(seed)
    x = StandardScaler().fit_transform(frame)
    pick = rng.choice(len(x), 500, replace=False)
    rows = np.repeat(pick, 6)
    big = x[rows] + 0.05 * rng.normal(size=(len(rows), x.shape[1]))
    a, b, ya, yb = train_test_split(big, y[rows], test_size=0.3, random_state=seed)
    run_trainer(a, ya, b, yb, seed)


@case("data_leakage")
def adult_rate_of_each_small_group(seed: int) -> None:
    frame, y = adult_table()
    key = frame["age"].astype(str) + frame["occupation"] + frame["hours-per-week"].astype(str) + frame["workclass"]
    frame["group_rate"] = pd.Series(y).groupby(key).transform("mean")
    x = dummies(frame).to_numpy()
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed)
    a, b = scaled(a, b)
    fit_and_report(a, ya, b, yb, seed)


@case("unscaled_features")
def wine_as_measured(seed: int) -> None:
    w = load_wine()
    y = (w.target == 1).astype(int)
    a, b, ya, yb = train_test_split(w.data, y, test_size=0.35, random_state=seed, stratify=y)
    sweep(a, ya, b, yb, seed)


@case("unscaled_features")
def loans_in_cents(seed: int) -> None:
    t = load("credit_data").distinct()
    frame = t.features.fillna(t.features.median(numeric_only=True))
    for name in ("Expenses", "Income", "Assets", "Debt", "Amount", "Price"):
        frame[name] = frame[name] * 100
    x, y = dummies(frame).to_numpy(), np.asarray(t.labels)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    fit_and_report(a, ya, b, yb, seed)


@case("preprocess_mismatch")
def churn_new_month_in_seconds(seed: int) -> None:
    frame, y = churn_table()
    a, b, ya, yb = train_test_split(frame, y, test_size=0.3, random_state=seed, stratify=y)
    b = b.copy()
    for name in ("total_day_minutes", "total_eve_minutes", "total_night_minutes"):
        b[name] = b[name] * 60
    run_trainer(scaled(a.to_numpy())[0], ya, scaled(a.to_numpy(), b.to_numpy())[1], yb, seed)


@case("preprocess_mismatch")
def adult_validation_table_in_another_column_order(seed: int) -> None:
    frame, y = adult_table()
    wide = dummies(frame)
    train, val, ya, yb = train_test_split(wide, y, test_size=0.3, random_state=seed)
    mean, std = train.mean(), train.std() + 1e-6
    train, val = (train - mean) / std, (val - mean) / std
    val = val[sorted(val.columns)]
    fit_and_report(train.to_numpy(), ya, val.to_numpy(), yb, seed)


@case("preprocess_mismatch")
def mushroom_codes_made_twice(seed: int) -> None:
    t = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz").sample(frac=1, random_state=seed)
    y = (t.pop("class") == "p").to_numpy().astype(int)
    cut = 4000
    both = []
    for part in (t.iloc[:cut], t.iloc[cut:]):
        codes = [np.eye(12)[pd.factorize(part[c])[0]] for c in part]
        both.append(np.concatenate(codes, axis=1))
    whole_tensors(both[0], y[:cut], both[1], y[cut:], seed)


@case("nan_features")
def thyroid_with_its_gaps(seed: int) -> None:
    x, y = hypo_table()
    a, b, ya, yb = train_test_split(x.to_numpy(dtype=float), y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    fit_and_report(a, ya, b, yb, seed)


@case("nan_features")
def mushroom_column_that_never_varies(seed: int) -> None:
    t = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz").sample(frac=1, random_state=seed)
    y = (t.pop("class") == "p").to_numpy().astype(int)
    x = dummies(t).to_numpy()
    a, b = x[:4000], x[4000:]
    mu, sd = a.mean(axis=0), a.std(axis=0)
    whole_tensors((a - mu) / sd, y[:4000], (b - mu) / sd, y[4000:], seed)


@case("nan_loss")
def credit_with_open_loans(seed: int) -> None:
    frame, y = credit_table()
    x = dummies(frame.fillna(frame.median(numeric_only=True))).to_numpy()
    y = np.asarray(y, dtype=float)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed)
    ya[np.random.default_rng(seed).random(len(ya)) < 0.03] = np.nan
    a, b = scaled(a, b)
    sweep(a, ya, b, yb, seed)


@case("imbalance")
def churn_where_hardly_anyone_leaves(seed: int) -> None:
    frame, y = churn_table()
    x = frame.to_numpy()
    a, b, ya, yb = train_test_split(x, y, test_size=0.4, random_state=seed, stratify=y)
    rng = np.random.default_rng(seed)
    keep = (ya == 0) | (rng.random(len(ya)) < 0.12)
    a, ya = a[keep], ya[keep]
    keep = (yb == 0) | (rng.random(len(yb)) < 0.2)
    a, b = scaled(a, b[keep])
    fit_and_report(a, ya, b, yb[keep], seed)


@case("label_encoding")
def masses_minus_one_and_one(seed: int) -> None:
    frame = pd.read_csv(FOLDER + "/mammographic/mammographic.csv")
    y = frame.pop("malignant").map({0: -1, 1: 1}).to_numpy()
    a, b, ya, yb = train_test_split(frame.clip(upper=100).to_numpy(), y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    whole_tensors(a, ya, b, yb, seed)


@case("labels_single_class")
def spam_file_read_to_row_1200(seed: int) -> None:
    t = load("spambase").distinct()
    x, y = np.log1p(t.features.to_numpy(dtype=float) * 10), np.asarray(t.labels)
    order = np.argsort(-y, kind="stable")
    x, y = x[order], y[order]
    train, rest = np.arange(1200), np.random.default_rng(seed).permutation(np.arange(1200, len(y)))[:1000]
    a, b = scaled(x[train], x[rest])
    fit_and_report(a, y[train], b, y[rest], seed)


@case("overfitting")
def loans_of_one_small_branch(seed: int) -> None:
    frame, y = credit_table()
    x = dummies(frame.fillna(frame.median(numeric_only=True))).to_numpy()
    a, b, ya, yb = train_test_split(x, y, train_size=100, test_size=1400, random_state=seed, stratify=y)
    mu, sd = a.mean(axis=0), a.std(axis=0) + 0.1
    whole_tensors((a - mu) / sd, ya, (b - mu) / sd, yb, seed)


@case("shape_broadcast")
def spam_label_as_a_frame(seed: int) -> None:
    t = load("spambase").distinct()
    frame = np.log1p(10 * t.features)
    frame["spam"] = np.asarray(t.labels)
    train = frame.sample(1000, random_state=seed)
    test = frame.drop(train.index).sample(1000, random_state=seed)
    a, b = scaled(train.drop(columns="spam").to_numpy(), test.drop(columns="spam").to_numpy())
    whole_tensors(a, train[["spam"]], b, test["spam"], seed)


@case("accuracy_broadcast")
def tumours_held_out_from_a_frame(seed: int) -> None:
    d = load_breast_cancer(as_frame=True).frame.sample(frac=1, random_state=seed)
    train, held = d.iloc[:400], d.iloc[400:]
    a, b = scaled(train.drop(columns="target").to_numpy(), held.drop(columns="target").to_numpy())
    whole_tensors(a, train["target"], b, held[["target"]], seed)


@case("wrong_axis")
def hours_by_days(seed: int) -> None:
    days = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv").sample(frac=1, random_state=seed)
    series = np.stack([days[f"h{h:02d}"].to_numpy(dtype=float) for h in range(24)])
    x = series.reshape(len(days), 24)
    y = days["working_day"].to_numpy()
    a, b = scaled(x[:200], x[200:])
    whole_tensors(a, y[:200], b, y[200:], seed)


@case("augmentation_too_heavy")
def credit_rows_multiplied_with_noise(seed: int) -> None:
    frame, y = credit_table()
    x = dummies(frame.fillna(frame.median(numeric_only=True))).to_numpy()
    a, b, ya, yb = train_test_split(x, y, train_size=1200, test_size=1200, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    jitter = np.random.default_rng(seed).normal(0, 5.0, size=(4 * len(a), a.shape[1]))
    a, ya = np.tile(a, (4, 1)) + jitter, np.tile(ya, 4)
    fit_and_report(a, ya, b, yb, seed)


@case("unshuffled_data")
def splice_sites_in_file_order(seed: int) -> None:
    x, y = splice_table()
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    order = np.argsort(-ya, kind="stable")
    a, ya = a[order], ya[order]
    sweep(a, ya, b, yb, seed)


@case("threshold_not_tuned")
def rare_fault_trained_on_equal_halves(seed: int) -> None:
    x, y = make_classification(9000, 14, n_informative=8, weights=[0.93], class_sep=0.9, flip_y=0.0, random_state=seed)
    a, b, ya, yb = train_test_split(x, y, test_size=0.4, random_state=seed, stratify=y)
    rng = np.random.default_rng(seed)
    ones = np.flatnonzero(ya == 1)
    rows = np.concatenate([ones, rng.choice(np.flatnonzero(ya == 0), len(ones), replace=False)])
    a, ya = a[rows], ya[rows]
    a, b = scaled(a, b)
    run_trainer(a, ya, b, yb, seed)


@case("healthy")
def spam_words_as_logs(seed: int) -> None:
    t = load("spambase").distinct()
    x, y = np.log1p(t.features.to_numpy(dtype=float) * 10), np.asarray(t.labels)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    sweep(a, ya, b, yb, seed)


@case("healthy")
def spam_where_mailings_repeat_in_training_only(seed: int) -> None:
    t = load("spambase").distinct()
    x, y = np.log1p(t.features.to_numpy(dtype=float) * 10), np.asarray(t.labels)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    copies = np.random.default_rng(seed).integers(1, 3, len(a))
    a, ya = np.repeat(a, copies, axis=0), np.repeat(ya, copies)
    a, b = scaled(a, b)
    run_trainer(a, ya, b, yb, seed)


@case("healthy")
def churn_with_the_whole_bill(seed: int) -> None:
    t = load("mlc_churn").distinct()
    y = np.asarray(t.labels)
    frame = dummies(t.features.drop(columns="state"))
    frame["bill"] = frame[[c for c in frame if c.endswith("charge")]].sum(axis=1)
    frame["often_called"] = (frame["number_customer_service_calls"] > 3).astype(float)
    frame["big_bill"] = (frame["bill"] - 70).clip(lower=0)
    a, b, ya, yb = train_test_split(frame.to_numpy(), y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    run_trainer(a, ya, b, yb, seed)


@case("healthy")
def credit_with_marks_for_gaps(seed: int) -> None:
    frame, y = credit_table()
    a, b, ya, yb = train_test_split(frame, y, test_size=0.3, random_state=seed, stratify=y)
    middle = a.median(numeric_only=True)
    gaps = [c for c in a if a[c].isna().any() and c in middle]
    a, b = (part.assign(**{f"{c}_gap": part[c].isna() for c in gaps}).fillna(middle) for part in (a, b))
    text = list(a.select_dtypes(exclude=["number", "bool"]))
    coder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(a[text])
    a, b = (np.hstack([p.drop(columns=text).to_numpy(dtype=float), coder.transform(p[text])]) for p in (a, b))
    a, b = scaled(a, b)
    fit_and_report(a, ya, b, yb, seed)


@case("healthy")
def adult_with_log_gains(seed: int) -> None:
    frame, y = adult_table()
    frame["large_gain"] = frame["capital-gain"] > np.log(5000)
    frame["age_squared"] = (frame["age"] / 10 - 4) ** 2
    a, b, ya, yb = train_test_split(dummies(frame).to_numpy(), y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    fit_and_report(a, ya, b, yb, seed)


@case("healthy")
def adult_from_five_numbers_and_status(seed: int) -> None:
    frame, y = adult_table()
    frame["age_squared"] = (frame["age"] / 10 - 4) ** 2
    frame["large_gain"] = frame["capital-gain"] > np.log(5000)
    frame = frame[["age", "age_squared", "large_gain", "education-num", "hours-per-week", "capital-gain",
                   "capital-loss", "marital-status"]]
    a, b, ya, yb = train_test_split(dummies(frame).to_numpy(), y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    sweep(a, ya, b, yb, seed)


@case("healthy")
def mushrooms_every_column(seed: int) -> None:
    t = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz").sample(frac=1, random_state=seed)
    y = (t.pop("class") == "p").to_numpy().astype(int)
    x = dummies(t).to_numpy()
    run_trainer(x[:4000], y[:4000], x[4000:], y[4000:], seed)


@case("healthy")
def mushrooms_without_smell(seed: int) -> None:
    t = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz").drop(columns=["odor", "veil-type"])
    y = (t.pop("class") == "p").to_numpy().astype(int)
    a, b, ya, yb = train_test_split(dummies(t).to_numpy() * 2 - 1, y, test_size=0.3, random_state=seed, stratify=y)
    whole_tensors(a, ya, b, yb, seed)


@case("healthy")
def thyroid_gaps_filled_and_marked(seed: int) -> None:
    t = load("hypothyroid").distinct()
    frame = t.features.drop(columns="TBG")
    for name in ("TSH", "T3", "TT4", "T4U", "FTI"):
        frame[name] = np.log(frame[name].astype(float) + 0.1)
    a, b, ya, yb = train_test_split(dummies(frame), np.asarray(t.labels), test_size=0.3, random_state=seed,
                                    stratify=t.labels)
    a, b = scaled(a.fillna(a.median()).to_numpy(), b.fillna(a.median()).to_numpy())
    run_trainer(a, ya, b, yb, seed)


@case("healthy")
def masses_by_five_readings(seed: int) -> None:
    frame = pd.read_csv(FOLDER + "/mammographic/mammographic.csv")
    y = frame.pop("malignant").to_numpy()
    frame["birads"] = frame["birads"].clip(1, 6)
    x = pd.get_dummies(frame, columns=["shape", "margin"], dtype=float).to_numpy()
    a, b, ya, yb = train_test_split(x, y, test_size=0.35, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    whole_tensors(a, ya, b, yb, seed)


@case("healthy")
def digits_odd_or_even(seed: int) -> None:
    d = load_digits()
    y = d.target % 2
    a, b, ya, yb = train_test_split(d.data / 16, y, test_size=0.3, random_state=seed, stratify=d.target)
    run_trainer(a, ya, b, yb, seed)


@case("healthy")
def working_day_from_shares_of_hours(seed: int) -> None:
    days = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv")
    x = days[[f"h{h:02d}" for h in range(24)]].to_numpy(dtype=float)
    x = x / x.sum(axis=1, keepdims=True)
    y = days["working_day"].to_numpy()
    a, b, ya, yb = train_test_split(x, y, test_size=0.35, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    sweep(a, ya, b, yb, seed)


@case("healthy")
def tumours_standardised(seed: int) -> None:
    d = load_breast_cancer()
    a, b, ya, yb = train_test_split(d.data, d.target, test_size=0.35, random_state=seed, stratify=d.target)
    a, b = scaled(a, b)
    run_trainer(a, ya, b, yb, seed)


@case("healthy")
def names_by_their_last_letters(seed: int) -> None:
    names = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.sort_values("percent", ascending=False).drop_duplicates("name")
    last = names["name"].str.rjust(3, "_").str[-3:]
    letters = np.array([list(s) for s in last])
    x = np.concatenate([letters == c for c in "_ABCDEFGHIJKLMNOPQRSTUVWXYZ"], axis=1).astype(float)
    y = (names["list"] == "M").to_numpy().astype(int)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    run_trainer(a, ya, b, yb, seed)


@case("healthy")
def patients_kept_apart(seed: int) -> None:
    rng = np.random.default_rng(50 + seed)
    who = np.repeat(np.arange(700), rng.integers(1, 6, 700))
    trait = rng.normal(size=(700, 6))
    ill = rng.random(700) < 1 / (1 + np.exp(0.7 - 2.2 * trait[:, 0] - 1.5 * trait[:, 1] * (trait[:, 2] > 0)))
    x = trait[who] + 0.3 * rng.normal(size=(len(who), 6))
    y = ill[who].astype(int)
    i, j = next(GroupShuffleSplit(1, test_size=0.35, random_state=seed).split(x, y, who))
    i = rng.permutation(i)
    a, b = scaled(x[i], x[j])
    run_trainer(a, y[i], b, y[j], seed)


@case("healthy")
def claims_decided_partly_by_luck(seed: int) -> None:
    rng = np.random.default_rng(seed)
    age, km, power = rng.uniform(18, 80, 6000), rng.gamma(3, 5000, 6000), rng.normal(90, 25, 6000)
    town = rng.integers(0, 4, 6000)
    score = 0.00015 * (km - 15000) + 1.6 * (age < 25) + 0.02 * (power - 90)
    score = score + np.array([-0.5, 0.6, 1.2, -1])[town]
    y = (rng.random(6000) < 1 / (1 + np.exp(-score))).astype(int)
    x = np.column_stack([age, np.log(km + 100), power, np.eye(4)[town], age < 25])
    a, b = scaled(x[:4000], x[4000:])
    fit_and_report(a, y[:4000], b, y[4000:], seed)


@case("healthy")
def loans_accepted_three_in_four(seed: int) -> None:
    frame, y = credit_table()
    frame = frame.fillna(frame.median(numeric_only=True))
    x, paid = dummies(frame).to_numpy(), 1 - y
    a, b, ya, yb = train_test_split(x, paid, test_size=0.3, random_state=seed, stratify=paid)
    a, b = scaled(a, b)
    sweep(a, ya, b, yb, seed)


@case("healthy")
def sensor_with_codes_below_zero(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = make_classification(3000, 10, n_informative=6, n_redundant=2, class_sep=1.2, flip_y=0.02, random_state=seed)
    off = rng.random((len(x), 2)) < 0.15
    x[:, :2] = np.where(off, -1.0, x[:, :2] - x[:, :2].min(axis=0))
    x = np.column_stack([x, off])
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    run_trainer(a, ya, b, yb, seed)
