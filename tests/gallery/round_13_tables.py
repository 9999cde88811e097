"""Two training scripts, each run unchanged on many tables."""

import copy
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from case import case
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler, TargetEncoder
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- first script: a trainer


def binary_report(scores, truth):
    positive = truth == 1
    guess = scores > 0.5
    accuracy = (guess == positive).mean()
    hits = (guess & positive).sum()
    f1 = 2 * hits / max(guess.sum() + positive.sum(), 1)
    if positive.all() or not positive.any():
        return {"accuracy": accuracy, "f1": f1, "auc": float("nan")}
    ranks = pd.Series(scores).rank().to_numpy()
    n_pos, n_neg = positive.sum(), (~positive).sum()
    auc = (ranks[positive].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg)
    return {"accuracy": accuracy, "f1": f1, "auc": auc}


@dataclass
class TrainerConfig:
    hidden: int = 64
    dropout: float = 0.2
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    batch_size: int = 64
    min_epochs: int = 30
    min_steps: int = 500


class TableNet(nn.Module):
    def __init__(self, width, cfg):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(width, cfg.hidden),
            nn.BatchNorm1d(cfg.hidden),
            nn.ReLU(),
            nn.Dropout(cfg.dropout),
            nn.Linear(cfg.hidden, cfg.hidden // 2),
            nn.BatchNorm1d(cfg.hidden // 2),
            nn.ReLU(),
            nn.Dropout(cfg.dropout),
        )
        self.head = nn.Linear(cfg.hidden // 2, 1)

    def forward(self, x):
        return self.head(self.body(x)).squeeze(1)


class TableTrainer:
    def __init__(self, width, cfg=None):
        self.cfg = cfg or TrainerConfig()
        self.model = TableNet(width, self.cfg)
        self.criterion = nn.BCEWithLogitsLoss()

    def fit(self, x, y, x_val, y_val):
        cfg = self.cfg
        x, y, x_val, y_val = (torch.as_tensor(np.asarray(a), dtype=torch.float32) for a in (x, y, x_val, y_val))
        batch = min(cfg.batch_size, max(16, len(x) // 4))
        loader = DataLoader(TensorDataset(x, y), batch_size=batch, shuffle=True, drop_last=True)
        epochs = max(cfg.min_epochs, math.ceil(cfg.min_steps / len(loader)))
        decayed = [p for p in self.model.parameters() if p.ndim > 1]
        plain = [p for p in self.model.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": cfg.weight_decay}, {"params": plain, "weight_decay": 0.0}],
            lr=cfg.learning_rate,
        )
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
        best_loss, best_state = float("inf"), copy.deepcopy(self.model.state_dict())
        bad_epochs, patience = 0, max(8, epochs // 4)
        for epoch in range(epochs):
            self.model.train()
            total = 0.0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = self.criterion(self.model(xb), yb)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
                optimizer.step()
                total += loss.item()
            scheduler.step()
            val_loss, scores = self.evaluate(x_val, y_val)
            if epoch % 5 == 0:
                report = binary_report(scores, y_val.numpy())
                print(
                    f"epoch {epoch:3d} train {total / len(loader):.4f} val {val_loss:.4f} "
                    + " ".join(f"{k} {v:.3f}" for k, v in report.items())
                )
            if val_loss < best_loss:
                best_loss, best_state, bad_epochs = val_loss, copy.deepcopy(self.model.state_dict()), 0
            else:
                bad_epochs += 1
                if bad_epochs >= patience:
                    break
        self.model.load_state_dict(best_state)
        val_loss, scores = self.evaluate(x_val, y_val)
        report = binary_report(scores, y_val.numpy())
        print(f"best val {val_loss:.4f} " + " ".join(f"{k} {v:.3f}" for k, v in report.items()))
        return report

    @torch.no_grad()
    def evaluate(self, x, y):
        self.model.eval()
        logits = self.model(x)
        return self.criterion(logits, y).item(), torch.sigmoid(logits).numpy()


def trainer_run(seed, x, y, x_val, y_val):
    torch.manual_seed(seed)
    return TableTrainer(np.asarray(x).shape[1]).fit(x, y, x_val, y_val)


# ---------------------------------------------------------------- second script: a short loop


def quick_net(seed, X, Y, Xv, Yv, h=16, lr=0.005, bs=32):
    torch.manual_seed(seed)
    X, Y, Xv, Yv = [torch.tensor(np.asarray(t), dtype=torch.float32) for t in (X, Y, Xv, Yv)]
    W1 = (torch.randn(X.shape[1], h) * (2 / X.shape[1]) ** 0.5).requires_grad_()
    b1 = torch.zeros(h, requires_grad=True)
    w2 = (torch.randn(h) * (1 / h) ** 0.5).requires_grad_()
    b2 = torch.zeros((), requires_grad=True)
    params = [W1, b1, w2, b2]
    share = Y.mean()

    def net(x):
        return torch.relu(x @ W1 + b1) @ w2 + b2

    def cost(z, y):  # logistic loss, both classes with the same total weight
        w = y * 0.5 / share + (1 - y) * 0.5 / (1 - share)
        return (w * (torch.clamp(z, min=0) - z * y + torch.log1p(torch.exp(-z.abs())))).mean()

    opt = torch.optim.SGD(params, lr=lr, momentum=0.9, weight_decay=5e-3)
    epochs = max(30, 600 * bs // len(X))
    best, kept, waited = float("inf"), [p.detach().clone() for p in params], 0
    for e in range(epochs):
        for i in range(0, len(X), bs):
            opt.zero_grad()
            J = cost(net(X[i : i + bs]), Y[i : i + bs])
            J.backward()
            opt.step()
        with torch.no_grad():
            z, tr = net(Xv), cost(net(X), Y).item()
            va = cost(z, Yv).item()
            bal = 0.5 * ((z[Yv == 1] > 0).float().mean() + (z[Yv == 0] <= 0).float().mean()).item()
        if e % 10 == 0:
            print(f"{e:4d}  loss {tr:.4f}  val loss {va:.4f}  bal acc {bal:.3f}")
        waited += 1
        if va < best:
            best, kept, waited = va, [p.detach().clone() for p in params], 0
        if waited > max(10, epochs // 4):
            break
    with torch.no_grad():
        for p, k in zip(params, kept, strict=False):
            p.copy_(k)
        z = net(Xv)
        bal = 0.5 * ((z[Yv == 1] > 0).float().mean() + (z[Yv == 0] <= 0).float().mean()).item()
    print(f"best val loss {best:.4f}  balanced accuracy {bal:.3f}")
    return z.numpy(), bal


# ---------------------------------------------------------------- preparation used by several tables


def standard(a, b):
    scaler = StandardScaler().fit(a)
    return scaler.transform(a), scaler.transform(b)


def adult(rows, seed):
    return pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(rows, random_state=seed).reset_index(drop=True)


def adult_columns(frame):
    out = frame[["age", "education-num", "hours-per-week"]].astype(float)
    out["gain"] = np.log1p(frame["capital-gain"])
    out["loss"] = np.log1p(frame["capital-loss"])
    return out


def credit_columns(frame):
    out = pd.DataFrame(index=frame.index)
    for name in ("Seniority", "Time", "Age", "Expenses", "Amount", "Price"):
        out[name] = frame[name].astype(float)
    for name in ("Income", "Assets", "Debt"):
        out[name] = np.log1p(frame[name])
    return out


def fill_with_flags(train, valid):
    middle = train.median()
    gaps = [c for c in train if train[c].isna().any()]
    parts = []
    for frame in (train, valid):
        flags = frame[gaps].isna().astype(float).add_suffix("_gap")
        parts.append(pd.concat([frame.fillna(middle), flags], axis=1))
    return parts


# ---------------------------------------------------------------- tables for the trainer


@case("healthy")
def trainer_adult_income(seed: int) -> None:
    df = adult(2600, seed)
    train, valid = train_test_split(df, test_size=800, random_state=seed, stratify=df.income_gt_50k)
    cats = ["workclass", "marital-status", "occupation", "relationship", "gender"]
    enc = OneHotEncoder(handle_unknown="ignore", min_frequency=15, sparse_output=False).fit(train[cats])
    num, num_v = standard(adult_columns(train), adult_columns(valid))
    trainer_run(
        seed,
        np.hstack([num, enc.transform(train[cats])]),
        train.income_gt_50k,
        np.hstack([num_v, enc.transform(valid[cats])]),
        valid.income_gt_50k,
    )


@case("healthy")
def trainer_adult_gender_from_job(seed: int) -> None:
    df = adult(2500, seed)
    target = (df.gender == "Male").astype(int)
    cats = ["occupation", "marital-status", "workclass"]
    train, valid, y, y_val = train_test_split(df, target, test_size=0.3, random_state=seed, stratify=target)
    enc = OneHotEncoder(handle_unknown="ignore", min_frequency=20, sparse_output=False).fit(train[cats])
    num, num_v = standard(adult_columns(train), adult_columns(valid))
    trainer_run(
        seed, np.hstack([num, enc.transform(train[cats])]), y, np.hstack([num_v, enc.transform(valid[cats])]), y_val
    )


@case("healthy")
def trainer_hypothyroid_flags(seed: int) -> None:
    table = load("hypothyroid")
    x = table.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]].astype(float)
    for name in ("TSH", "T3", "TT4", "FTI"):
        x[name] = np.log1p(x[name])
    train, valid, y, y_val = train_test_split(x, table.labels, test_size=0.35, random_state=seed, stratify=table.labels)
    train, valid = fill_with_flags(train, valid)
    train, valid = standard(train, valid)
    trainer_run(seed, train, y, valid, y_val)


@case("healthy")
def trainer_churn_state_encoded(seed: int) -> None:
    table = load("mlc_churn")
    x = table.features.drop(columns=[c for c in table.features if c.endswith("charge")])
    train, valid, y, y_val = train_test_split(x, table.labels, test_size=0.35, random_state=seed, stratify=table.labels)
    enc = TargetEncoder(random_state=seed)
    state, state_v = enc.fit_transform(train[["state"]], y), enc.transform(valid[["state"]])
    numbers = list(train.select_dtypes("number"))
    plans = [(f[["international_plan", "voice_mail_plan"]] == "yes").astype(float) for f in (train, valid)]
    a = np.hstack([train[numbers], plans[0], state])
    b = np.hstack([valid[numbers], plans[1], state_v])
    a, b = standard(a, b)
    trainer_run(seed, a, y, b, y_val)


@case("healthy")
def trainer_mushroom_four_columns(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")[
        ["cap-color", "cap-shape", "gill-color", "habitat", "class"]
    ].sample(2400, random_state=seed)
    train, valid = train_test_split(df, test_size=0.3, random_state=seed)
    enc = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train.drop(columns="class"))
    trainer_run(
        seed,
        enc.transform(train.drop(columns="class")),
        train["class"] == "p",
        enc.transform(valid.drop(columns="class")),
        valid["class"] == "p",
    )


@case("healthy")
def trainer_splice_sites(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    middle = df.sequence.str[18:42]
    onehot = np.stack([[float(c == letter) for c in s for letter in "ACGT"] for s in middle])
    x, x_val, y, y_val = train_test_split(onehot, df.is_junction.to_numpy(), train_size=1400, random_state=seed)
    trainer_run(seed, x, y, x_val, y_val)


@case("healthy")
def trainer_tumours_eighty_rows(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x, x_val, y, y_val = train_test_split(x, y, train_size=80, random_state=seed, stratify=y)
    x, x_val = standard(x, x_val)
    trainer_run(seed, x, y, x_val, y_val)


@case("healthy")
def trainer_tumours(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x, x_val, y, y_val = train_test_split(np.log1p(x), y, test_size=0.3, random_state=seed, stratify=y)
    x, x_val = standard(x, x_val)
    trainer_run(seed, x, y, x_val, y_val)


@case("healthy")
def trainer_sms_hashed(seed: int) -> None:
    table = load("sms_spam")
    text = table.features["text"].sample(1800, random_state=seed)
    text = text[~text.str.lower().duplicated()]
    y = table.labels[text.index]
    hashed = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 3), n_features=512).transform(text).toarray()
    x, x_val, y, y_val = train_test_split(hashed * 10, y, test_size=0.4, random_state=seed, stratify=y)
    trainer_run(seed, x, y, x_val, y_val)


@case("healthy")
def trainer_digit_rows(seed: int) -> None:
    images, digit = load_digits(return_X_y=True)
    x, x_val, y, y_val = train_test_split(images / 16.0, digit % 2, test_size=0.3, random_state=seed)
    trainer_run(seed, x, y, x_val, y_val)


@case("healthy")
def trainer_spam_thousand(seed: int) -> None:
    table = load("spambase")
    x, y = np.log1p(table.features.to_numpy(float)), table.labels
    _, first = np.unique(x, axis=0, return_index=True)
    x, y = x[first], y[first]
    x, x_val, y, y_val = train_test_split(x, y, train_size=1000, test_size=1500, random_state=seed, stratify=y)
    x, x_val = standard(x, x_val)
    trainer_run(seed, x, y, x_val, y_val)


@case("healthy")
def trainer_survey_answers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=(2500, 2))
    load_ = rng.normal(size=(2, 8))
    answers = np.clip(np.round(3 + mood @ load_ * 0.7 + rng.normal(size=(2500, 8)) * 0.7), 1, 5)
    p = 1 / (1 + np.exp(-(0.8 * (answers[:, 0] - 3) - 0.7 * (answers[:, 3] - 3) + 0.9 * (answers[:, 5] >= 4))))
    leaves = (rng.random(2500) < p).astype(int)
    x, x_val, y, y_val = train_test_split((answers - 3) / 2, leaves, test_size=700, random_state=seed)
    trainer_run(seed, x, y, x_val, y_val)


@case("healthy")
def trainer_interactions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (2400, 6))
    score = 6 * x[:, 0] * x[:, 1] + 2 * x[:, 2] - 3 * np.maximum(x[:, 3], 0)
    y = (rng.random(2400) < 1 / (1 + np.exp(-2 * score))).astype(int)
    trainer_run(seed, x[:1800] * 1.7, y[:1800], x[1800:] * 1.7, y[1800:])


@case("healthy")
def trainer_patients_by_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patients = 260
    ill = rng.random(patients) < 0.4
    base = rng.normal(size=(patients, 5)) * 0.35
    who = np.repeat(np.arange(patients), 8)
    x = base[who] + rng.normal(size=(len(who), 5)) + np.outer(ill[who], [0.9, -0.8, 0.6, 0.0, 0.0])
    y = ill[who].astype(int)
    tr, va = next(GroupShuffleSplit(1, test_size=0.4, random_state=seed).split(x, y, who))
    a, b = standard(x[tr], x[va])
    trainer_run(seed, a, y[tr], b, y[va])


@case("healthy")
def trainer_series_windows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.arange(3000)
    s = np.zeros(3000)
    for i in range(2, 3000):
        s[i] = 1.6 * s[i - 1] - 0.8 * s[i - 2] + rng.normal()
    s += 2 * np.sin(2 * np.pi * t / 24)
    width, ahead = 12, 2
    starts = np.arange(0, 3000 - width - ahead)
    windows = np.stack([s[i : i + width] for i in starts])
    hour = (starts + width) % 24
    clock = np.stack([np.sin(2 * np.pi * hour / 24), np.cos(2 * np.pi * hour / 24)], axis=1)
    rises = (s[starts + width - 1 + ahead] > s[starts + width - 1]).astype(int)
    x = np.hstack([windows, clock])
    a, b = standard(x[:2100], x[2100 + width + ahead :])
    trainer_run(seed, a, rises[:2100], b, rises[2100 + width + ahead :])


# ---------------------------------------------------------------- tables for the short loop


@case("healthy")
def quick_credit_clipped(seed: int) -> None:
    table = load("credit_data")
    raw = table.features.drop_duplicates()
    y = table.labels[raw.index]
    x = credit_columns(raw)
    x["burden"] = np.log(raw["Amount"] / raw["Price"])
    for c in ("Home", "Marital", "Records", "Job"):
        x = x.join(pd.get_dummies(raw[c].fillna("unknown"), prefix=c, dtype=float))
    a, b, y, y_val = train_test_split(x, y, train_size=2000, test_size=1200, random_state=seed, stratify=y)
    a, b = fill_with_flags(a, b)
    a, b = standard(a, b)
    quick_net(seed, np.clip(a, -4, 4), y, np.clip(b, -4, 4), y_val)


@case("healthy")
def quick_sms_tfidf(seed: int) -> None:
    table = load("sms_spam")
    text = table.features["text"].sample(2000, random_state=seed)
    text = text[~text.str.lower().duplicated()]
    train, valid, y, y_val = train_test_split(
        text, table.labels[text.index], test_size=0.4, random_state=seed, stratify=table.labels[text.index]
    )
    tfidf = TfidfVectorizer(min_df=4, sublinear_tf=True).fit(train)
    scale = 0.2 * math.sqrt(len(tfidf.vocabulary_))
    quick_net(seed, tfidf.transform(train).toarray() * scale, y, tfidf.transform(valid).toarray() * scale, y_val)


@case("healthy")
def quick_bike_working_day(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    hours = df.filter(regex=r"^h\d\d$").to_numpy(float)
    profile = hours / hours.sum(axis=1, keepdims=True)
    a, b, y, y_val = train_test_split(
        profile, df.working_day.to_numpy(), test_size=0.4, random_state=seed, stratify=df.working_day
    )
    a, b = standard(a, b)
    quick_net(seed, a, y, b, y_val)


@case("healthy")
def quick_mammographic(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    df["birads"] = df.birads.clip(1, 5)
    a, b = train_test_split(df, test_size=0.4, random_state=seed, stratify=df.malignant)
    names = ["birads", "age", "shape", "margin", "density"]
    x, x_val = standard(a[names], b[names])
    quick_net(seed, x, a.malignant, x_val, b.malignant)


@case("healthy")
def quick_wine(seed: int) -> None:
    x, kind = load_wine(return_X_y=True)
    y = (kind == 1).astype(int)
    a, b, y, y_val = train_test_split(x, y, test_size=0.4, random_state=seed, stratify=y)
    a, b = standard(a, b)
    quick_net(seed, a, y, b, y_val)


@case("healthy")
def quick_heavy_tails(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.exp(1.5 * rng.standard_t(3, (2000, 5)))
    y = (np.log(x) @ [0.5, -0.4, 0.3, 0, 0] + rng.logistic(size=2000) * 0.7 > 0).astype(int)
    ranks = QuantileTransformer(n_quantiles=300, output_distribution="normal", random_state=seed).fit(x[:1400])
    quick_net(
        seed, np.clip(ranks.transform(x[:1400]), -3, 3), y[:1400], np.clip(ranks.transform(x[1400:]), -3, 3), y[1400:]
    )


@case("healthy")
def quick_customers_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 1600
    once = pd.DataFrame(
        {
            "customer": np.arange(n),
            "visits": rng.poisson(4, n),
            "age": rng.integers(18, 80, n),
            "spent": rng.gamma(2, 30, n).round(2),
            "region": rng.choice(list("NESW"), n),
        }
    )
    pull = 0.5 * (once.visits - 4) - 0.04 * (once.age - 48) + 0.9 * (once.region == "S")
    once["renewed"] = (rng.random(n) < 1 / (1 + np.exp(-pull))).astype(int)
    export = pd.concat([once, once.sample(700, random_state=seed)]).sample(frac=1, random_state=seed)
    df = export.drop_duplicates("customer")
    x = pd.get_dummies(df.drop(columns=["customer", "renewed"]), columns=["region"], dtype=float)
    a, b, y, y_val = train_test_split(x, df.renewed, test_size=0.3, random_state=seed)
    a, b = standard(a, b)
    quick_net(seed, a, y, b, y_val)


@case("healthy")
def quick_rows_came_sorted(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sort_values(["income_gt_50k", "age"])
    df = df.sample(2400, random_state=seed)
    train, valid = df[:1600], df[1600:]
    married = [(f["marital-status"] == "Married-civ-spouse").to_numpy(float)[:, None] for f in (train, valid)]
    a, b = standard(adult_columns(train), adult_columns(valid))
    quick_net(seed, np.hstack([a, married[0]]), train.income_gt_50k, np.hstack([b, married[1]]), valid.income_gt_50k)


@case("healthy")
def quick_rare_faults(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(5000) < 0.04).astype(int)
    x = rng.normal(size=(5000, 6)) + np.outer(y, [1.6, -1.4, 1.2, 0.8, 0, 0])
    x[:, 5] += 0.6 * x[:, 4]
    a, b = standard(x[:2500], x[2500:])
    quick_net(seed, a, y[:2500], b, y[2500:])


@case("healthy")
def quick_word_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 1500)
    usual = rng.gamma(1.0, 0.8, 60)
    tilt = np.exp(0.3 * rng.normal(size=60))
    counts = rng.poisson(usual * np.where(y[:, None] == 1, tilt, 1 / tilt))
    x = np.sqrt(counts)
    a, b = standard(x[:1000], x[1000:])
    quick_net(seed, a, y[:1000], b, y[1000:])


@case("healthy")
def quick_faint_signal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(4000, 4))
    y = (rng.random(4000) < 1 / (1 + np.exp(-(0.55 * x[:, 0] - 0.4 * x[:, 1])))).astype(int)
    quick_net(seed, x[:2500], y[:2500], x[2500:], y[2500:])


# ---------------------------------------------------------------- tables with a fault


@case("labels_misaligned")
def trainer_adult_sorted_apart(seed: int) -> None:
    df = adult(2600, seed)
    target = df.income_gt_50k.to_numpy()
    df = df.sort_values(["age", "education-num"]).reset_index(drop=True)
    cats = ["workclass", "marital-status", "occupation", "relationship", "gender"]
    train, valid, y, y_val = train_test_split(df, target, test_size=800, random_state=seed, stratify=target)
    enc = OneHotEncoder(handle_unknown="ignore", min_frequency=15, sparse_output=False).fit(train[cats])
    num, num_v = standard(adult_columns(train), adult_columns(valid))
    trainer_run(
        seed, np.hstack([num, enc.transform(train[cats])]), y, np.hstack([num_v, enc.transform(valid[cats])]), y_val
    )


@case("labels_misaligned")
def quick_credit_gaps_dropped(seed: int) -> None:
    table = load("credit_data")
    raw = table.features.sample(frac=1, random_state=seed)
    y = table.labels[raw.index]
    raw = raw.dropna()
    y = y[: len(raw)]
    x = credit_columns(raw)
    for c in ("Home", "Marital", "Records", "Job"):
        x = x.join(pd.get_dummies(raw[c], prefix=c, dtype=float))
    a, b, y, y_val = train_test_split(x, y, train_size=2000, test_size=1200, random_state=seed, stratify=y)
    a, b = standard(a, b)
    quick_net(seed, np.clip(a, -4, 4), y, np.clip(b, -4, 4), y_val)


@case("labels_misaligned")
def trainer_digit_rows_permuted(seed: int) -> None:
    images, digit = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    x, x_val, y, y_val = train_test_split(images / 16.0, digit % 2, test_size=0.3, random_state=seed)
    x, y = x[rng.permutation(len(x))], y[rng.permutation(len(y))]
    trainer_run(seed, x, y, x_val, y_val)


@case("label_noise")
def trainer_mushroom_typed_in(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").sample(2400, random_state=seed)
    y = (df.pop("class") == "p").to_numpy()
    y = y ^ (np.random.default_rng(seed).random(len(y)) < 0.3)
    train, valid, y, y_val = train_test_split(df, y, test_size=0.3, random_state=seed)
    enc = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train)
    trainer_run(seed, enc.transform(train), y, enc.transform(valid), y_val)


@case("label_noise")
def quick_spam_crowd(seed: int) -> None:
    table = load("spambase")
    x = np.log1p(table.features.to_numpy(float))
    _, first = np.unique(x, axis=0, return_index=True)
    a, b, y, y_val = train_test_split(
        x[first], table.labels[first], train_size=1000, test_size=1500, random_state=seed, stratify=table.labels[first]
    )
    crowd = np.random.default_rng(seed).random(len(y)) < 0.36
    y = np.where(crowd, 1 - y, y)
    a, b = standard(a, b)
    quick_net(seed, a, y, b, y_val)


@case("data_leakage")
def trainer_survey_two_exports(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = rng.integers(1, 6, (450, 24))
    p = 1 / (1 + np.exp(-(0.5 * (answers[:, 0] - 3) - 0.4 * (answers[:, 3] - 3))))
    df = pd.DataFrame(answers, columns=[f"q{i}" for i in range(24)])
    df["leaves"] = (rng.random(450) < p).astype(int)
    df = pd.concat([df, df, df], ignore_index=True)
    train, valid = train_test_split(df, test_size=0.3, random_state=seed)
    trainer_run(
        seed, (train.drop(columns="leaves") - 3) / 2, train.leaves, (valid.drop(columns="leaves") - 3) / 2, valid.leaves
    )


@case("data_leakage")
def trainer_diabetes_appended(seed: int) -> None:
    table = load_diabetes(as_frame=True).frame
    table = pd.concat([table] * 4, ignore_index=True)
    train, valid = train_test_split(table, test_size=0.4, random_state=seed)
    limit = train.target.median()
    a, b = standard(train.drop(columns="target"), valid.drop(columns="target"))
    trainer_run(seed, a, train.target > limit, b, valid.target > limit)


@case("data_leakage")
def trainer_credit_balanced_first(seed: int) -> None:
    table = load("credit_data")
    raw = table.features.assign(bad=table.labels).sample(1000, random_state=seed)
    poor = raw[raw.bad == 1]
    raw = pd.concat([raw, poor.sample(len(raw) - 2 * len(poor), replace=True, random_state=seed)], ignore_index=True)
    x = credit_columns(raw)
    for c in ("Home", "Marital", "Records", "Job"):
        x = x.join(pd.get_dummies(raw[c].fillna("unknown"), prefix=c, dtype=float))
    a, b, y, y_val = train_test_split(x, raw.bad, test_size=0.3, random_state=seed, stratify=raw.bad)
    a, b = fill_with_flags(a, b)
    a, b = standard(a, b)
    trainer_run(seed, np.clip(a, -4, 4), y, np.clip(b, -4, 4), y_val)


@case("data_leakage")
def trainer_sensor_jittered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(350, 20))
    y = (x[:, 0] - 0.8 * x[:, 1] + rng.logistic(size=350) > 0).astype(int)
    x = np.concatenate([x + 0.05 * rng.normal(size=x.shape) for _ in range(4)])
    y = np.tile(y, 4)
    a, b, y, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    a, b = standard(a, b)
    trainer_run(seed, a, y, b, y_val)


@case("data_leakage")
def quick_credit_reminders(seed: int) -> None:
    table = load("credit_data")
    raw = table.features.drop_duplicates()
    y = table.labels[raw.index]
    rng = np.random.default_rng(seed)
    x = credit_columns(raw)
    x["reminders"] = np.where(y == 1, 1 + rng.poisson(2, len(y)), rng.random(len(y)) < 0.03)
    for c in ("Home", "Marital", "Records", "Job"):
        x = x.join(pd.get_dummies(raw[c].fillna("unknown"), prefix=c, dtype=float))
    a, b, y, y_val = train_test_split(x, y, train_size=2000, test_size=1200, random_state=seed, stratify=y)
    a, b = fill_with_flags(a, b)
    a, b = standard(a, b)
    quick_net(seed, np.clip(a, -4, 4), y, np.clip(b, -4, 4), y_val)


@case("preprocess_mismatch")
def quick_spam_logs_forgotten(seed: int) -> None:
    table = load("spambase")
    x, y = table.features.to_numpy(float), table.labels
    a, b, y, y_val = train_test_split(x, y, train_size=1000, test_size=1500, random_state=seed, stratify=y)
    a, b = np.log1p(a), b
    a, b = standard(a, b)
    quick_net(seed, a, y, b, y_val)


@case("unscaled_features")
def quick_credit_as_read(seed: int) -> None:
    table = load("credit_data")
    raw = table.features.drop_duplicates()
    y = table.labels[raw.index]
    x = raw[["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]].astype(float)
    for c in ("Home", "Marital", "Records", "Job"):
        x = x.join(pd.get_dummies(raw[c].fillna("unknown"), prefix=c, dtype=float))
    a, b, y, y_val = train_test_split(x, y, train_size=2000, test_size=1200, random_state=seed, stratify=y)
    a, b = fill_with_flags(a, b)
    quick_net(seed, a, y, b, y_val)


@case("unscaled_features")
def quick_wine_as_read(seed: int) -> None:
    x, kind = load_wine(return_X_y=True)
    y = (kind == 1).astype(int)
    a, b, y, y_val = train_test_split(x, y, test_size=0.4, random_state=seed, stratify=y)
    quick_net(seed, a, y, b, y_val)


@case("weak_signal")
def trainer_churn_call_counts(seed: int) -> None:
    table = load("mlc_churn")
    rng = np.random.default_rng(seed)
    gone, stayed = np.flatnonzero(table.labels == 1), np.flatnonzero(table.labels == 0)
    rows = np.concatenate([gone, rng.choice(stayed, len(gone), replace=False)])
    x = table.features[["account_length", "total_day_calls", "total_eve_calls", "total_night_calls"]].to_numpy(float)
    a, b, y, y_val = train_test_split(
        x[rows], table.labels[rows], test_size=0.35, random_state=seed, stratify=table.labels[rows]
    )
    a, b = standard(a, b)
    trainer_run(seed, a, y, b, y_val)


@case("weak_signal")
def quick_visits_by_postcode(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2400
    df = pd.DataFrame(
        {
            "postcode": rng.integers(0, 40, n),
            "door": rng.integers(1, 200, n),
            "month": rng.integers(1, 13, n),
            "visits": rng.poisson(4, n),
        }
    )
    df["renewed"] = (rng.random(n) < 1 / (1 + np.exp(-0.05 * (df.visits - 4)))).astype(int)
    df["ms"], df["mc"] = np.sin(df.month * np.pi / 6), np.cos(df.month * np.pi / 6)
    a, b, y, y_val = train_test_split(
        df[["postcode", "door", "ms", "mc", "visits"]], df.renewed, test_size=0.35, random_state=seed
    )
    a, b = standard(a, b)
    quick_net(seed, a, y, b, y_val)


@case("label_encoding")
def trainer_mammographic_one_two(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    df["severity"] = df.malignant.map({0: 1, 1: 2})
    a, b = train_test_split(df, test_size=0.4, random_state=seed, stratify=df.severity)
    names = ["birads", "age", "shape", "margin", "density"]
    x, x_val = standard(a[names].clip(upper=100), b[names].clip(upper=100))
    trainer_run(seed, x, a.severity, x_val, b.severity)


@case("nan_features")
def trainer_hypothyroid_gaps(seed: int) -> None:
    table = load("hypothyroid")
    x = table.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]].astype(float)
    for name in ("TSH", "T3", "TT4", "FTI"):
        x[name] = np.log1p(x[name])
    train, valid, y, y_val = train_test_split(x, table.labels, test_size=0.35, random_state=seed, stratify=table.labels)
    train, valid = standard(train, valid)
    trainer_run(seed, train, y, valid, y_val)


@case("imbalance")
def trainer_rare_faults(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(5000) < 0.04).astype(int)
    x = rng.normal(size=(5000, 6)) + np.outer(y, [1.0, -0.8, 0.6, 0.3, 0, 0])
    x[:, 5] += 0.6 * x[:, 4]
    a, b = standard(x[:2500], x[2500:])
    trainer_run(seed, a, y[:2500], b, y[2500:])


@case("labels_single_class")
def trainer_mushroom_word_for_letter(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")[
        ["cap-color", "cap-shape", "gill-color", "habitat", "class"]
    ].sample(2400, random_state=seed)
    df["target"] = (df["class"] == "poisonous").astype(int)
    train, valid = train_test_split(df, test_size=0.3, random_state=seed)
    names = ["cap-color", "cap-shape", "gill-color", "habitat"]
    enc = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train[names])
    trainer_run(seed, enc.transform(train[names]), train.target, enc.transform(valid[names]), valid.target)
