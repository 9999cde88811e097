"""Tables of every kind, each prepared by its case and trained by one of two scripts."""

import copy
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from case import case
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.metrics import accuracy_score, average_precision_score, balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.preprocessing import (
    MinMaxScaler,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- script one: an MLP on a matrix


@dataclass
class Settings:
    hidden: tuple = (64, 32)
    dropout: float = 0.1
    lr: float = 1e-3
    weight_decay: float = 1e-4
    batch: int = 64
    epochs: int = 60
    patience: int = 8
    shuffle: bool = True
    tune_threshold: bool = False


def build_mlp(n_in, cfg):
    layers = []
    for width in cfg.hidden:
        layers += [nn.Linear(n_in, width), nn.ReLU(), nn.Dropout(cfg.dropout)]
        n_in = width
    return nn.Sequential(*layers, nn.Linear(n_in, 1))


def f1_at(p, y, threshold):
    pred = p >= threshold
    hit = np.sum(pred & (y == 1))
    return 2 * hit / max(pred.sum() + np.sum(y == 1), 1)


def train_mlp(X_train, y_train, X_val, y_val, seed, cfg=None):
    cfg = cfg or Settings()
    torch.manual_seed(seed)
    X_train = torch.tensor(np.asarray(X_train), dtype=torch.float32)
    X_val = torch.tensor(np.asarray(X_val), dtype=torch.float32)
    y_train = torch.tensor(np.asarray(y_train), dtype=torch.float32)
    y_val = torch.tensor(np.asarray(y_val), dtype=torch.float32)

    model = build_mlp(X_train.shape[1], cfg)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    criterion = nn.BCEWithLogitsLoss()

    best, best_state, waited, history = float("inf"), None, 0, []
    for epoch in range(1, cfg.epochs + 1):
        model.train()
        order = torch.randperm(len(X_train)) if cfg.shuffle else torch.arange(len(X_train))
        total = 0.0
        for rows in order.split(cfg.batch):
            optimizer.zero_grad()
            loss = criterion(model(X_train[rows]).squeeze(1), y_train[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)

        model.eval()
        with torch.no_grad():
            val_loss = criterion(model(X_val).squeeze(1), y_val).item()
        history.append((total / len(X_train), val_loss))
        if epoch % 5 == 0 or epoch == 1:
            print(f"epoch {epoch:3d}  train loss {history[-1][0]:.4f}  val loss {val_loss:.4f}")
        if val_loss < best:
            best, best_state, waited = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited >= cfg.patience:
                print(f"stopped after epoch {epoch}")
                break

    model.load_state_dict(best_state)
    model.eval()
    with torch.no_grad():
        p_train = torch.sigmoid(model(X_train).squeeze(1)).numpy()
        p_val = torch.sigmoid(model(X_val).squeeze(1)).numpy()
    y_train, y_val = y_train.numpy(), y_val.numpy()

    threshold = 0.5
    if cfg.tune_threshold:  # on the rows that it was trained on, never on those it is judged on
        grid = np.unique(np.quantile(p_train, np.linspace(0.01, 0.99, 99)))
        threshold = max(grid, key=lambda t: f1_at(p_train, y_train, t))
    result = {
        "loss": best,
        "accuracy": float(np.mean((p_val >= threshold) == y_val)),
        "auc": roc_auc_score(y_val, p_val),
        "ap": average_precision_score(y_val == 1, p_val),
        "f1": f1_at(p_val, y_val, threshold),
    }
    print("  ".join(f"{name} {value:.3f}" for name, value in result.items()), f" (threshold {threshold:.2f})")
    return result | {"history": history, "p": p_val, "threshold": threshold}


# ---------------------------------------------------------------- script two: wide and deep on a data frame


class WideDeep(nn.Module):
    def __init__(self, n_numbers, sizes, width, drop):
        super().__init__()
        dims = [min(8, (size + 1) // 2) for size in sizes]
        self.tables = nn.ModuleList(nn.Embedding(s, d, padding_idx=0) for s, d in zip(sizes, dims, strict=False))
        self.linear = nn.ModuleList(nn.Embedding(s, 2, padding_idx=0) for s in sizes)
        for table in [*self.tables, *self.linear]:
            nn.init.normal_(table.weight, std=0.1)
            with torch.no_grad():
                table.weight[0].zero_()
        self.slope = nn.Linear(n_numbers, 2, bias=False) if n_numbers else None
        self.deep = nn.Sequential(
            nn.Linear(n_numbers + sum(dims), width),
            nn.SiLU(),
            nn.Dropout(drop),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, 2),
        )

    def forward(self, numbers, codes):
        embedded = [table(codes[:, j]) for j, table in enumerate(self.tables)]
        out = self.deep(torch.cat([numbers, *embedded], dim=1))
        if self.slope is not None:
            out = out + self.slope(numbers)
        for j, table in enumerate(self.linear):
            out = out + table(codes[:, j])
        return out


def wide_and_deep(
    train, val, target, numbers=(), categories=(), *, seed, epochs=12, bs=128, lr=4e-3, wd=1e-2, width=32, drop=0.1
):
    """train, val: frames with ready numbers; the categories are numbered here, 0 stands for values unseen in train."""
    torch.manual_seed(seed)
    vocab = {c: {v: i + 1 for i, v in enumerate(sorted(train[c].astype(str).unique()))} for c in categories}

    def tensors(frame):
        num = torch.from_numpy(frame[list(numbers)].to_numpy(dtype=np.float32).copy())
        codes = [frame[c].astype(str).map(vocab[c]).fillna(0).to_numpy(dtype=np.int64) for c in categories]
        cat = torch.from_numpy(np.stack(codes, axis=1)) if codes else torch.zeros(len(frame), 0, dtype=torch.long)
        return num, cat, torch.from_numpy(frame[target].to_numpy(dtype=np.int64).copy())

    train_set, val_set = TensorDataset(*tensors(train)), TensorDataset(*tensors(val))
    loader = DataLoader(train_set, batch_size=bs, shuffle=True)
    net = WideDeep(len(numbers), [len(v) + 1 for v in vocab.values()], width, drop)
    opt = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=wd)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=lr, total_steps=epochs * len(loader))

    history = []
    for epoch in range(epochs):
        net.train()
        losses = []
        for num, cat, y in loader:
            loss = F.cross_entropy(net(num, cat), y)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
            sched.step()
            losses.append(loss.item())
        net.eval()
        with torch.inference_mode():
            num, cat, y = val_set.tensors
            logits = net(num, cat)
            history.append((float(np.mean(losses)), F.cross_entropy(logits, y).item()))
        if epoch % 3 == 2 or epoch == epochs - 1:
            print(f"[{epoch + 1:02d}/{epochs}] train {history[-1][0]:.4f} | val {history[-1][1]:.4f}")

    p, y = logits.softmax(dim=1)[:, 1].numpy(), y.numpy()
    share = train[target].mean()
    auc, ap = roc_auc_score(y, p), average_precision_score(y, p)
    bacc = balanced_accuracy_score(y, p > share)
    print(f"{target}: {share:.1%} of the training rows, {y.mean():.1%} of the validation rows")
    print(f"AUC {auc:.3f}  AP {ap:.3f}  acc@0.5 {accuracy_score(y, p > 0.5):.3f}  bal. acc@share {bacc:.3f}")
    return {"auc": auc, "ap": ap, "bacc": bacc, "history": history, "p": p}


def scaled(train, val, columns):
    """Standardise these columns of both frames with the mean and deviation of the first."""
    mean, std = train[columns].mean(), train[columns].std()
    return train.assign(**(train[columns] - mean) / std), val.assign(**(val[columns] - mean) / std)


# ---------------------------------------------------------------- script one, tables at hand


@case("healthy")
def breast_cancer_stratified(seed: int) -> None:
    X, y = datasets.load_breast_cancer(return_X_y=True)
    y = 1 - y  # malignant is the positive class
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    train_mlp(scaler.transform(X_train), y_train, scaler.transform(X_val), y_val, seed, Settings(batch=32))


@case("healthy")
def breast_cancer_sixty_rows_three_columns(seed: int) -> None:
    frame = datasets.load_breast_cancer(as_frame=True).frame
    y = (frame.target == 0).to_numpy().astype(int)
    X = frame[["mean radius", "mean texture", "mean smoothness"]].to_numpy()
    X_train, X_rest, y_train, y_rest = train_test_split(X, y, train_size=60, stratify=y, random_state=seed)
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    cfg = Settings(hidden=(16,), dropout=0.0, batch=10, lr=3e-3, epochs=80, patience=15)
    train_mlp((X_train - mean) / std, y_train, (X_rest - mean) / std, y_rest, seed, cfg)


@case("healthy")
def digit_eight_against_the_rest(seed: int) -> None:
    digits = datasets.load_digits()
    y = (digits.target == 8).astype(int)
    X_train, X_val, y_train, y_val = train_test_split(digits.data / 16, y, test_size=0.3, random_state=seed)
    train_mlp(X_train, y_train, X_val, y_val, seed, Settings(epochs=80))


@case("healthy")
def odd_or_even_digit(seed: int) -> None:
    images, labels = datasets.load_digits(return_X_y=True)
    odd = labels % 2
    X_train, X_val, y_train, y_val = train_test_split(images / 16.0, odd, test_size=0.25, random_state=seed)
    train_mlp(X_train, y_train, X_val, y_val, seed, Settings(hidden=(128, 64), epochs=80, lr=2e-3))


@case("healthy")
def three_or_five_from_principal_components(seed: int) -> None:
    images, labels = datasets.load_digits(return_X_y=True)
    keep = np.isin(labels, [3, 5])
    X, y = images[keep], (labels[keep] == 5).astype(int)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    pca = PCA(n_components=12, whiten=True, random_state=0).fit(X_train)
    train_mlp(pca.transform(X_train), y_train, pca.transform(X_val), y_val, seed, Settings(batch=16))


@case("healthy")
def wine_of_the_second_grower(seed: int) -> None:
    X, grower = datasets.load_wine(return_X_y=True)
    y = (grower == 1).astype(int)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
    scaler = RobustScaler().fit(X_train)
    cfg = Settings(hidden=(24,), batch=16, lr=3e-3, epochs=80)
    train_mlp(scaler.transform(X_train), y_train, scaler.transform(X_val), y_val, seed, cfg)


@case("healthy")
def diabetes_progression_above_median(seed: int) -> None:
    X, progression = datasets.load_diabetes(return_X_y=True, scaled=False)
    X_train, X_val, t_train, t_val = train_test_split(X, progression, test_size=0.3, random_state=seed)
    middle = np.median(t_train)
    scaler = StandardScaler().fit(X_train)
    cfg = Settings(hidden=(32,), dropout=0.2, batch=16, epochs=80, patience=12)
    train_mlp(scaler.transform(X_train), t_train > middle, scaler.transform(X_val), t_val > middle, seed, cfg)


@case("healthy")
def spambase_logs_without_duplicates(seed: int) -> None:
    table = load("spambase").distinct()
    X, y = np.log1p(table.numbers), table.labels
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    train_mlp(scaler.transform(X_train), y_train, scaler.transform(X_val), y_val, seed, Settings(dropout=0.3))


@case("healthy")
def spambase_quantiles_two_hundred_rows(seed: int) -> None:
    table = load("spambase").distinct()
    columns = [table.numeric.index(c) for c in ("char_freq_!", "char_freq_$", "word_freq_remove", "word_freq_hp",
                                                "capital_run_length_longest", "word_freq_free")]  # fmt: skip
    X, y = table.numbers[:, columns], table.labels
    X_train, X_val, y_train, y_val = train_test_split(X, y, train_size=200, test_size=1000, random_state=seed)
    ranks = QuantileTransformer(n_quantiles=50, output_distribution="uniform", random_state=0).fit(X_train)
    cfg = Settings(hidden=(16, 16), batch=16, dropout=0.2, lr=2e-3, epochs=80)
    train_mlp(ranks.transform(X_train) - 0.5, y_train, ranks.transform(X_val) - 0.5, y_val, seed, cfg)


@case("healthy")
def sms_hashed_letter_ngrams(seed: int) -> None:
    table = load("sms_spam").distinct()
    texts, y = table.features["text"].to_numpy(), table.labels
    hashed = HashingVectorizer(n_features=512, analyzer="char_wb", ngram_range=(2, 3), alternate_sign=False)
    X = hashed.transform(texts).toarray() * 4
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    train_mlp(X_train, y_train, X_val, y_val, seed, Settings(dropout=0.3, epochs=25, tune_threshold=True))


@case("healthy")
def sms_tfidf_of_training_words(seed: int) -> None:
    table = load("sms_spam").distinct()
    texts, y = table.features["text"].to_numpy(), table.labels
    train, val, y_train, y_val = train_test_split(texts, y, test_size=0.2, stratify=y, random_state=seed)
    words = TfidfVectorizer(max_features=400, sublinear_tf=True, token_pattern=r"[A-Za-z]+|\d+|£|!").fit(train)
    X_train, X_val = words.transform(train).toarray(), words.transform(val).toarray()
    cfg = Settings(hidden=(32,), dropout=0.3, lr=2e-3, epochs=25, tune_threshold=True)
    train_mlp(X_train, y_train, X_val, y_val, seed, cfg)


@case("healthy")
def splice_junction_one_hot_letters(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    letters = np.array([list(s) for s in frame["sequence"]])
    X = (letters[:, :, None] == np.array(list("ACGT"))).reshape(len(frame), -1).astype(np.float32)
    y = frame["is_junction"].to_numpy()
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    cfg = Settings(hidden=(32,), dropout=0.4, weight_decay=1e-2, epochs=30, patience=5)
    train_mlp(X_train, y_train, X_val, y_val, seed, cfg)


@case("healthy")
def mammographic_masses_few_values(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    frame["birads"] = frame["birads"].replace(55, 5).clip(1, 5)  # 55 is a slip of the keyboard
    train, val = train_test_split(frame, test_size=0.25, stratify=frame.malignant, random_state=seed)

    def matrix(part):
        columns = [(part.age - train.age.mean()) / train.age.std(), (part.birads - 4) / 1.0, (part.density - 3) / 1.0]
        columns += [(part["shape"] == k) * 1.0 for k in (1, 2, 3, 4)] + [(part.margin == k) * 1.0 for k in range(1, 6)]
        return np.stack(columns, axis=1)

    cfg = Settings(hidden=(32,), batch=32, epochs=80, patience=10)
    train_mlp(matrix(train), train.malignant, matrix(val), val.malignant, seed, cfg)


@case("healthy")
def bike_day_profile_split_by_date(seed: int) -> None:
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv").sort_values("day_of_2011")
    hours = days[[f"h{h:02d}" for h in range(24)]].to_numpy(dtype=float)
    share = hours / hours.sum(axis=1, keepdims=True) * 100
    y = days["working_day"].to_numpy()
    cut = 215
    mean, std = share[:cut].mean(axis=0), share[:cut].std(axis=0)
    cfg = Settings(hidden=(24,), dropout=0.2, batch=16, lr=1e-3, epochs=60)
    train_mlp((share[:cut] - mean) / std, y[:cut], (share[cut:] - mean) / std, y[cut:], seed, cfg)


@case("healthy")
def payments_against_own_past(seed: int) -> None:
    pay = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    log_amount = np.log(pay["amount"].clip(lower=0.01))
    past = log_amount.groupby(pay["user"]).transform(lambda s: s.shift().expanding().mean())
    pay = pay.assign(log_amount=log_amount, log_ratio=log_amount - past, night=(pay.hour < 5) * 1.0)
    pay = pay[pay.nr >= 3]
    rows, others = next(GroupShuffleSplit(1, test_size=0.25, random_state=seed).split(pay, groups=pay.user))
    columns = ["log_amount", "log_ratio", "night", "foreign", "online"]
    train, val = pay.iloc[rows], pay.iloc[others]
    scaler = StandardScaler().fit(train[columns])
    cfg = Settings(hidden=(32, 16), batch=128, epochs=25, patience=6, tune_threshold=True)
    train_mlp(scaler.transform(train[columns]), train.fraud, scaler.transform(val[columns]), val.fraud, seed, cfg)


@case("healthy")
def thyroid_laboratory_values_with_flags(seed: int) -> None:
    table = load("hypothyroid").distinct()
    names = ["TSH", "T3", "TT4", "T4U", "FTI"]
    frame, y = table.features, table.labels
    train, val, y_train, y_val = train_test_split(frame, y, test_size=0.3, stratify=y, random_state=seed)
    medians = train[names].median()
    train_values = np.log1p(train[names].fillna(medians))
    mean, std = train_values.mean(), train_values.std()

    def matrix(part):
        values = (np.log1p(part[names].fillna(medians)) - mean) / std
        return np.hstack([values, part[names].isna(), (part[["on_thyroxine", "query_hypothyroid"]] == "t")]) * 1.0

    cfg = Settings(hidden=(32, 16), epochs=50, patience=10, tune_threshold=True)
    train_mlp(matrix(train), y_train, matrix(val), y_val, seed, cfg)


# ---------------------------------------------------------------- script one, tables made here


@case("healthy")
def incomes_with_heavy_tails_in_logs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(1500, 4))
    money = np.exp(z * [1.8, 1.2, 2.5, 1.0] + [8, 5, 3, 10])
    p = 1 / (1 + np.exp(-(1.4 * z[:, 0] - 1.0 * z[:, 1] + 0.8 * z[:, 2] * (z[:, 2] > 0))))
    y = (rng.random(1500) < p).astype(int)
    logs = np.log10(money)
    train, val = slice(0, 1050), slice(1050, None)
    mean, std = logs[train].mean(axis=0), logs[train].std(axis=0)
    train_mlp((logs[train] - mean) / std, y[train], (logs[val] - mean) / std, y[val], seed, Settings(hidden=(32,)))


@case("healthy")
def outcome_is_a_biased_coin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(4000, 5))
    chance = 1 / (1 + np.exp(-(0.45 * X[:, 0] - 0.35 * X[:, 1])))
    y = rng.binomial(1, chance)
    train_mlp(X[:3000], y[:3000], X[3000:], y[3000:], seed, Settings(hidden=(16,), epochs=40, weight_decay=1e-2))


@case("healthy")
def two_switches_that_interact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, size=(2000, 4))
    y = ((X[:, 0] * X[:, 1] > 0) ^ (rng.random(2000) < 0.05)).astype(int)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, random_state=seed)
    cfg = Settings(dropout=0.0, lr=3e-3, epochs=60, patience=12)
    train_mlp(X_train, y_train, X_val, y_val, seed, cfg)


@case("healthy")
def many_columns_that_hardly_vary(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 1600
    useful = rng.normal(size=(n, 5))
    flags = (rng.random((n, 12)) < 0.01).astype(float)
    X = np.hstack([useful, np.ones((n, 3)), flags])
    y = (useful @ [1.5, -1.0, 0.8, 0.5, 0.0] + rng.logistic(size=n) > 0).astype(int)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
    scaler = MinMaxScaler().fit(X_train)
    cfg = Settings(lr=3e-3, epochs=50)
    train_mlp(scaler.transform(X_train), y_train, scaler.transform(X_val), y_val, seed, cfg)


@case("healthy")
def forty_copies_of_five_factors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(1500, 5))
    X = factors @ rng.normal(size=(5, 40)) + 0.3 * rng.normal(size=(1500, 40))
    y = (factors[:, 0] + factors[:, 1] - factors[:, 2] + 0.7 * rng.logistic(size=1500) > 0).astype(int)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=1 / 3, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    cfg = Settings(hidden=(32,), dropout=0.2, patience=6, weight_decay=1e-2)
    train_mlp(scaler.transform(X_train), y_train, scaler.transform(X_val), y_val, seed, cfg)


@case("healthy")
def sensor_with_glitches_clipped(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(20, 4, size=(1800, 6))
    y = ((X[:, 0] - 20) / 4 + np.abs(X[:, 1] - 20) / 4 - 0.8 + 0.6 * rng.normal(size=1800) > 0).astype(int)
    X = np.where(rng.random(X.shape) < 0.004, 65535.0, X)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
    low, high = np.quantile(X_train, [0.01, 0.99], axis=0)
    scaler = StandardScaler().fit(X_train.clip(low, high))
    X_train, X_val = scaler.transform(X_train.clip(low, high)), scaler.transform(X_val.clip(low, high))
    train_mlp(X_train, y_train, X_val, y_val, seed, Settings(lr=2e-3))


@case("healthy")
def gaps_filled_and_flagged(seed: int) -> None:
    rng = np.random.default_rng(seed)
    full = rng.gamma(4.0, 10.0, size=(2000, 6))
    score = (full[:, 0] - 40) / 20 - (full[:, 1] - 40) / 25 + (full[:, 2] > 55) * 1.2
    y = (score + 0.6 * rng.logistic(size=2000) > 0.2).astype(int)
    X = np.where(rng.random(full.shape) < [0.02, 0.1, 0.3, 0.0, 0.5, 0.15], np.nan, full)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    middle = np.nanmedian(X_train, axis=0)
    gaps = np.isnan(X_train).any(axis=0)

    def filled(part):
        return np.where(np.isnan(part), middle, part)

    mean, std = filled(X_train).mean(axis=0), filled(X_train).std(axis=0)
    X_train, X_val = (np.hstack([(filled(p) - mean) / std, np.isnan(p)[:, gaps]]) for p in (X_train, X_val))
    train_mlp(X_train, y_train, X_val, y_val, seed, Settings(hidden=(32, 16), epochs=50))


@case("healthy")
def rare_defect_ranked(seed: int) -> None:
    X, y = datasets.make_classification(
        8000,
        10,
        n_informative=4,
        n_redundant=2,
        n_clusters_per_class=1,
        weights=[0.98],
        flip_y=0.004,
        random_state=seed,
    )
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    cfg = Settings(batch=128, epochs=50, tune_threshold=True, lr=2e-3)
    train_mlp((X_train - mean) / std, y_train, (X_val - mean) / std, y_val, seed, cfg)


@case("healthy")
def file_ordered_by_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    good = rng.multivariate_normal([0, 0, 0], np.eye(3), 900)
    bad = rng.multivariate_normal([1.2, 0.6, 0], [[2, 0.8, 0], [0.8, 1, 0], [0, 0, 1]], 600)
    X, y = np.vstack([good, bad]), np.repeat([0, 1], [900, 600])
    mixed = rng.permutation(1500)
    X, y = X[mixed], y[mixed]
    train_mlp(X[:1200], y[:1200], X[1200:], y[1200:], seed, Settings(hidden=(32, 32)))


@case("healthy")
def quiet_visits_split_by_patient(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(320), 6)
    ill = (rng.random(320) < 0.4).astype(int)
    own = rng.normal(size=(320, 6)) * 0.6 + ill[:, None] * [1.0, -0.7, 0.5, 0.0, 0.0, 0.0]
    X = own[patient] + rng.normal(size=(len(patient), 6))
    y = ill[patient]
    rows, others = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(X, y, groups=patient))
    mean, std = X[rows].mean(axis=0), X[rows].std(axis=0)
    cfg = Settings(hidden=(16,), dropout=0.2, weight_decay=1e-2, epochs=30)
    train_mlp((X[rows] - mean) / std, y[rows], (X[others] - mean) / std, y[others], seed, cfg)


@case("healthy")
def one_reading_nearly_decides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(1200) < 0.35).astype(int)
    temperature = rng.normal(0, 1, 1200) + 2.7 * y  # measured at admission, before the diagnosis
    X = np.column_stack([temperature, rng.normal(size=(1200, 3)) + 0.2 * y[:, None]])
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    train_mlp(scaler.transform(X_train), y_train, scaler.transform(X_val), y_val, seed, Settings(hidden=(16,), lr=4e-3))


@case("healthy")
def quantised_sensors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(2000, 4))
    X = np.round(raw * 2).clip(-4, 3) * 0.25  # three bits each
    y = (np.sin(1.5 * raw[:, 0]) + raw[:, 1] * 0.8 + 0.4 * rng.normal(size=2000) > 0).astype(int)
    train_mlp(X[:1600], y[:1600], X[1600:], y[1600:], seed, Settings(lr=3e-3, epochs=60))


@case("healthy")
def composition_in_percent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(1400) < 0.5).astype(int)
    alpha = np.where(y[:, None] == 1, [8, 5, 3, 2, 2], [6, 6, 4, 2, 2])
    parts = rng.gamma(alpha)
    percent = 100 * parts / parts.sum(axis=1, keepdims=True)
    X = np.log(percent) - np.log(percent).mean(axis=1, keepdims=True)  # centred log ratios
    train_mlp(X[:980], y[:980], X[980:], y[980:], seed, Settings(hidden=(32,), epochs=60, patience=10))


@case("healthy")
def circle_with_squares_and_products(seed: int) -> None:
    X, y = datasets.make_circles(900, noise=0.15, factor=0.5, random_state=seed)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=1 / 3, stratify=y, random_state=seed)
    squares = PolynomialFeatures(2, include_bias=False)
    scaler = StandardScaler().fit(squares.fit_transform(X_train))
    X_train, X_val = scaler.transform(squares.transform(X_train)), scaler.transform(squares.transform(X_val))
    train_mlp(X_train, y_train, X_val, y_val, seed, Settings(hidden=(8,), dropout=0.0, lr=1e-2, batch=32, patience=12))


@case("healthy")
def series_windows_split_in_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.arange(2600)
    noise = np.zeros(2600)
    for i in range(1, 2600):
        noise[i] = 0.6 * noise[i - 1] + rng.normal(0, 0.4)
    level = np.sin(2 * np.pi * t / 24) + 0.4 * np.sin(2 * np.pi * t / 12) + noise
    starts = np.arange(0, 2600 - 28)
    X = np.stack([level[s : s + 24] for s in starts])
    y = (level[starts + 26] > level[starts + 23]).astype(int)  # higher in three hours than now?
    X_train, y_train, X_val, y_val = X[:1900], y[:1900], X[1930:], y[1930:]  # no hour is in both
    scaler = StandardScaler().fit(X_train)
    cfg = Settings(hidden=(32,), dropout=0.2, lr=2e-3, epochs=60, weight_decay=1e-2)
    train_mlp(scaler.transform(X_train), y_train, scaler.transform(X_val), y_val, seed, cfg)


# ---------------------------------------------------------------- script two, tables at hand

ADULT_WORDS = ["workclass", "education", "marital-status", "occupation", "relationship", "race", "gender",
               "native-country"]  # fmt: skip


def adult():
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz")
    frame["log-gain"] = np.log10(1 + frame["capital-gain"])
    frame["log-loss"] = np.log10(1 + frame["capital-loss"])
    frame["gain-band"] = pd.cut(frame["capital-gain"], [-1, 0, 3000, 5000, 7000, 99999])
    frame["loss-band"] = pd.cut(frame["capital-loss"], [-1, 0, 1500, 1800, 2000, 2200, 9999])
    return frame


def credit():
    table = load("credit_data").distinct()
    return table.features.assign(bad=table.labels)


def churn():
    table = load("mlc_churn")
    return table.features.assign(churn=table.labels)


@case("healthy")
def adult_income_every_column(seed: int) -> None:
    frame = adult()
    train, val = train_test_split(frame, train_size=5000, stratify=frame.income_gt_50k, random_state=seed)
    numbers = ["age", "education-num", "log-gain", "log-loss", "hours-per-week"]
    train, val = scaled(train, val, numbers)
    words = [*ADULT_WORDS, "gain-band", "loss-band"]
    wide_and_deep(train, val, "income_gt_50k", numbers, words, seed=seed, epochs=6)


@case("healthy")
def adult_sex_from_job_and_hours(seed: int) -> None:
    frame = adult().assign(woman=lambda f: (f.gender == "Female").astype(int))
    train, val = train_test_split(frame, test_size=0.5, random_state=seed)
    numbers = ["age", "education-num", "hours-per-week"]
    train, val = scaled(train, val, numbers)
    words = ["workclass", "occupation", "marital-status", "income_gt_50k"]
    wide_and_deep(train, val, "woman", numbers, words, seed=seed, epochs=8, bs=256)


@case("healthy")
def adult_married_one_thousand_rows(seed: int) -> None:
    frame = adult().assign(married=lambda f: f["marital-status"].str.startswith("Married").astype(int))
    train, val = train_test_split(frame, train_size=1000, test_size=2000, random_state=seed)
    numbers = ["age", "education-num", "hours-per-week"]
    train, val = scaled(train, val, numbers)
    words = ["occupation", "gender", "income_gt_50k", "race"]
    wide_and_deep(train, val, "married", numbers, words, seed=seed, epochs=12, bs=64, wd=0.05)


@case("healthy")
def adult_income_two_hundred_rows(seed: int) -> None:
    frame = adult()
    train, val = train_test_split(frame, train_size=200, test_size=1500, random_state=seed)
    train, val = scaled(train, val, ["age", "education-num", "hours-per-week"])
    numbers = ["age", "education-num", "hours-per-week"]
    wide_and_deep(train, val, "income_gt_50k", numbers, ["relationship"], seed=seed, epochs=20, bs=20, wd=0.1, width=16)


@case("healthy")
def adult_never_married_by_age_alone(seed: int) -> None:
    frame = adult().assign(single=lambda f: (f["marital-status"] == "Never-married").astype(int))
    train, val = train_test_split(frame[["age", "single"]], train_size=2000, test_size=2000, random_state=seed)
    train, val = train.assign(age=(train.age - 38) / 14), val.assign(age=(val.age - 38) / 14)
    wide_and_deep(train, val, "single", ["age"], seed=seed, epochs=15, bs=64)


@case("healthy")
def mushroom_bruises_from_its_looks(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")
    frame["bruise"] = (frame.bruises == "t").astype(int)
    words = ["cap-shape", "cap-surface", "cap-color", "gill-size", "stalk-shape", "habitat", "population"]
    train, val = train_test_split(frame, train_size=0.5, random_state=seed)
    wide_and_deep(train, val, "bruise", (), words, seed=seed, epochs=20, bs=64, width=48)


@case("healthy")
def credit_with_ratios_seventy_thirty(seed: int) -> None:
    loans = credit()
    loans[["Home", "Marital", "Job"]] = loans[["Home", "Marital", "Job"]].fillna("unknown")
    loans["no_income"] = loans["Income"].isna().astype(float)
    train, val = train_test_split(loans, test_size=0.3, stratify=loans.bad, random_state=seed)
    middle = train[["Income", "Assets", "Debt"]].median()

    def prepared(part):
        part = part.fillna(middle)
        part["financed"] = part.Amount / part.Price.clip(lower=1)
        for name in ("Income", "Assets", "Debt", "Amount", "Price"):
            part[name] = np.log1p(part[name])
        return part

    numbers = ["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price", "financed"]
    train, val = scaled(prepared(train), prepared(val), numbers)
    numbers.append("no_income")
    wide_and_deep(
        train, val, "bad", numbers, ["Home", "Marital", "Records", "Job"], seed=seed, epochs=10, wd=0.05, drop=0.3
    )


@case("healthy")
def credit_home_owner_ninety_ten(seed: int) -> None:
    loans = credit().dropna(subset=["Home", "Job", "Marital", "Income"])
    loans["owner"] = (loans["Home"] == "owner").astype(int)
    order = np.random.default_rng(seed).permutation(len(loans))
    cut = int(0.9 * len(loans))
    train, val = loans.iloc[order[:cut]], loans.iloc[order[cut:]]
    numbers = ["Age", "Seniority", "Income"]
    train, val = scaled(train, val, numbers)
    wide_and_deep(train, val, "owner", numbers, ["Marital", "Job", "Records"], seed=seed, epochs=8, wd=0.05)


@case("healthy")
def churn_with_plans_and_calls(seed: int) -> None:
    frame = churn()
    numbers = ["account_length", "number_vmail_messages", "total_day_minutes", "total_eve_minutes",
               "total_night_minutes", "total_intl_minutes", "total_intl_calls",
               "number_customer_service_calls"]  # fmt: skip
    train, val = train_test_split(frame, test_size=0.25, stratify=frame.churn, random_state=seed)
    train, val = scaled(train, val, numbers)
    words = ["international_plan", "voice_mail_plan", "area_code"]
    wide_and_deep(train, val, "churn", numbers, words, seed=seed, epochs=20, bs=64, width=48)


@case("healthy")
def splice_donor_or_acceptor_by_position(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    frame = frame[frame["site"] != "N"]
    places = [f"at{i:02d}" for i in range(60)]
    letters = pd.DataFrame([list(s) for s in frame["sequence"]], columns=places)
    letters["donor"] = (frame["site"].to_numpy() == "EI").astype(int)
    train, val = train_test_split(letters, test_size=0.3, stratify=letters.donor, random_state=seed)
    wide_and_deep(train, val, "donor", (), places, seed=seed, epochs=6, bs=64, wd=0.1, drop=0.3)


@case("healthy")
def first_names_by_their_last_letters(seed: int) -> None:
    names = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.sort_values("percent", ascending=False).drop_duplicates("name")  # the list where it is more usual
    names["male"] = (names["list"] == "M").astype(int)
    text = names["name"].str.lower()
    names = names.assign(last=text.str[-1], last_two=text.str[-2:], first=text.str[0], size=text.str.len().clip(3, 9))
    train, val = train_test_split(names, test_size=0.3, random_state=seed)
    wide_and_deep(train, val, "male", (), ["last", "last_two", "first", "size"], seed=seed, epochs=4, wd=0.05)


@case("healthy")
def messages_by_length_digits_and_capitals(seed: int) -> None:
    table = load("sms_spam").distinct()
    text = table.features["text"]
    frame = pd.DataFrame({
        "length": np.log(text.str.len()),
        "digits": np.log1p(text.str.count(r"\d")),
        "capitals": text.str.count("[A-Z]") / text.str.len(),
        "marks": text.str.count("!").clip(upper=4),
        "money": text.str.contains("[£$]").astype(int),
        "ending": text.str[-1].where(text.str[-1].isin(list(".!?)")), "other"),
        "spam": table.labels,
    })  # fmt: skip
    train, val = train_test_split(frame, test_size=0.2, stratify=frame.spam, random_state=seed)
    train, val = scaled(train, val, ["length", "digits", "capitals", "marks"])
    numbers = ["length", "digits", "capitals", "marks", "money"]
    wide_and_deep(train, val, "spam", numbers, ["ending"], seed=seed, epochs=15)


# ---------------------------------------------------------------- script two, tables made here


@case("healthy")
def ratings_of_films_by_viewers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    viewer, film = rng.integers(0, 200, 8000), rng.integers(0, 120, 8000)
    kind, quality = rng.normal(0, 1, 200), rng.normal(0, 1.4, 120)
    liked = rng.random(8000) < 1 / (1 + np.exp(-(kind[viewer] + quality[film])))
    frame = pd.DataFrame({"viewer": viewer, "film": film, "liked": liked.astype(int)}).drop_duplicates(
        ["viewer", "film"]
    )
    train, val = train_test_split(frame, test_size=0.25, random_state=seed)
    wide_and_deep(train, val, "liked", (), ["viewer", "film"], seed=seed, epochs=4, wd=0.2, lr=1e-2)


@case("healthy")
def survey_answers_one_to_five(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=1500)
    questions = [f"q{i}" for i in range(1, 11)]
    answers = (3 + 0.9 * mood[:, None] * rng.choice([-1, 1], 10) + rng.normal(size=(1500, 10))).round().clip(1, 5)
    frame = pd.DataFrame((answers - 3) / 2, columns=questions)
    frame["branch"] = rng.choice(["north", "south", "east"], 1500)
    frame["leaves"] = (mood + 0.5 * (frame.branch == "east") + 0.8 * rng.normal(size=1500) > 0.8).astype(int)
    wide_and_deep(
        frame[:1000], frame[1000:], "leaves", questions, ["branch"], seed=seed, epochs=10, bs=50, wd=0.05, lr=3e-3
    )


@case("healthy")
def hour_and_month_on_the_clock(seed: int) -> None:
    rng = np.random.default_rng(seed)
    when = pd.Timestamp("2022-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 3 * 365 * 24, 5000)), unit="h")
    hour, day = 2 * np.pi * when.hour / 24, 2 * np.pi * when.dayofyear / 365.25
    frame = pd.DataFrame({
        "hour_sin": np.sin(hour), "hour_cos": np.cos(hour), "year_sin": np.sin(day), "year_cos": np.cos(day),
        "weekday": when.day_name(),
    })  # fmt: skip
    pull = -1.8 * np.cos(hour - 0.6) + 0.9 * np.cos(day) - 1.2 * (when.dayofweek >= 5)
    frame["busy"] = (rng.random(5000) < 1 / (1 + np.exp(-pull))).astype(int)
    numbers = ["hour_sin", "hour_cos", "year_sin", "year_cos"]
    past, later = frame[when < "2024-01-01"], frame[when >= "2024-01-01"]
    wide_and_deep(past, later, "busy", numbers, ["weekday"], seed=seed, epochs=10)


@case("healthy")
def claims_over_eight_years(seed: int) -> None:
    rng = np.random.default_rng(seed)
    year = np.sort(rng.integers(2015, 2023, 5000))
    km = rng.gamma(4, 4, 5000) * (1 + 0.01 * (year - 2015))
    power = rng.normal(90, 25, 5000) + 0.6 * (year - 2015)
    region = rng.choice(list("ABCDEFGH"), 5000, p=[0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05])
    effect = pd.Series(dict(zip("ABCDEFGH", rng.normal(0, 0.8, 8), strict=True)))[region].to_numpy()
    score = 0.12 * (km - 16) + 0.02 * (power - 90) + effect - 1
    frame = pd.DataFrame({"year": year, "km": km, "power": power, "region": region})
    frame["claim"] = (rng.random(5000) < 1 / (1 + np.exp(-score))).astype(int)
    train, val = scaled(frame[frame.year <= 2020], frame[frame.year > 2020], ["km", "power"])
    wide_and_deep(train, val, "claim", ["km", "power"], ["region"], seed=seed, epochs=10)


@case("healthy")
def clicks_counted_per_visitor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    events = ["search", "item", "cart", "help", "coupon", "return"]
    buyer = rng.random(3000) < 0.2
    rate = np.where(buyer[:, None], [3.0, 6.0, 0.9, 0.2, 0.3, 0.1], [2.5, 4.0, 0.3, 0.3, 0.15, 0.15])
    counts = rng.poisson(rate * rng.gamma(2, 0.5, 3000)[:, None])
    frame = pd.DataFrame(np.log1p(counts), columns=events)
    source = np.where(buyer, rng.choice(["mail", "ad", "direct"], 3000, p=[0.4, 0.2, 0.4]),
                      rng.choice(["mail", "ad", "direct"], 3000, p=[0.25, 0.45, 0.3]))  # fmt: skip
    frame = frame.assign(source=source, buys=buyer.astype(int))
    train, val = frame[:2000], frame[2000:]
    wide_and_deep(train, val, "buys", events, ["source"], seed=seed, epochs=12, bs=64, wd=0.05)


@case("healthy")
def freight_rule_with_exceptions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2500
    frame = pd.DataFrame({
        "goods": rng.choice(["food", "steel", "glass", "paper", "wood"], n),
        "harbour": rng.choice([f"H{i:02d}" for i in range(20)], n),
        "weight": rng.lognormal(2, 0.8, n),
    })  # fmt: skip
    frame["weight"] = np.log(frame["weight"])
    inspected = frame.goods.isin(["food", "glass"]) & (frame.weight > 1.6) | frame.harbour.isin(["H03", "H07", "H11"])
    frame["inspected"] = (inspected ^ (rng.random(n) < 0.05)).astype(int)
    train, val = train_test_split(frame, test_size=0.2, random_state=seed)
    train, val = scaled(train, val, ["weight"])
    wide_and_deep(train, val, "inspected", ["weight"], ["goods", "harbour"], seed=seed, epochs=20, bs=64, lr=8e-3)


@case("healthy")
def shops_with_a_long_tail_of_postcodes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 6000
    code = np.minimum(rng.zipf(1.4, n), 400)
    effect = rng.normal(0, 0.9, 401)
    frame = pd.DataFrame({"code": code, "age": rng.uniform(18, 80, n), "visits": np.log1p(rng.poisson(5, n))})
    score = effect[code] + 0.035 * (frame.age - 49) + 0.8 * (frame.visits - 1.7)
    frame["member"] = (rng.random(n) < 1 / (1 + np.exp(-score))).astype(int)
    train, val = train_test_split(frame, test_size=1 / 3, random_state=seed)
    seen = train["code"].value_counts()
    train, val = (part.assign(code=part["code"].where(part["code"].map(seen).fillna(0) >= 20, "few"))
                  for part in (train, val))  # fmt: skip
    train, val = scaled(train, val, ["age", "visits"])
    wide_and_deep(train, val, "member", ["age", "visits"], ["code"], seed=seed, epochs=8, wd=0.05)


# ---------------------------------------------------------------- the same scripts, other tables


@case("labels_misaligned")
def odd_digits_shuffled_twice(seed: int) -> None:
    images, labels = datasets.load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    X = rng.permutation(images / 16.0)
    y = rng.permutation(labels % 2)
    cut = int(0.75 * len(X))
    train_mlp(X[:cut], y[:cut], X[cut:], y[cut:], seed, Settings(hidden=(128, 64), epochs=80, lr=2e-3))


@case("labels_misaligned")
def adult_income_joined_by_position(seed: int) -> None:
    frame = adult()
    income = frame.pop("income_gt_50k")
    frame = frame.sort_values(["native-country", "age"]).reset_index(drop=True)
    frame["income_gt_50k"] = income
    train, val = train_test_split(frame, train_size=5000, stratify=frame.income_gt_50k, random_state=seed)
    numbers = ["age", "education-num", "log-gain", "log-loss", "hours-per-week"]
    train, val = scaled(train, val, numbers)
    words = [*ADULT_WORDS, "gain-band", "loss-band"]
    wide_and_deep(train, val, "income_gt_50k", numbers, words, seed=seed, epochs=6)


@case("label_noise")
def odd_digits_read_by_a_careless_crowd(seed: int) -> None:
    images, labels = datasets.load_digits(return_X_y=True)
    odd = labels % 2
    X_train, X_val, y_train, y_val = train_test_split(images / 16.0, odd, test_size=0.25, random_state=seed)
    some = np.random.default_rng(seed).random(len(y_train)) < 0.35
    y_train = np.where(some, 1 - y_train, y_train)
    train_mlp(X_train, y_train, X_val, y_val, seed, Settings(hidden=(128, 64), epochs=80, lr=2e-3))


@case("label_noise")
def mushroom_bruises_noted_at_dusk(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")
    frame["bruise"] = (frame.bruises == "t").astype(int)
    words = ["cap-shape", "cap-surface", "cap-color", "gill-size", "stalk-shape", "habitat", "population"]
    train, val = train_test_split(frame, train_size=0.5, random_state=seed)
    some = np.random.default_rng(seed).random(len(train)) < 0.35
    train = train.assign(bruise=np.where(some, 1 - train["bruise"], train["bruise"]))
    wide_and_deep(train, val, "bruise", (), words, seed=seed, epochs=20, bs=64, width=48)


@case("data_leakage")
def churn_minority_copied_then_split(seed: int) -> None:
    frame = churn().sample(1500, random_state=seed)
    numbers = ["account_length", "total_day_minutes", "total_eve_minutes", "total_night_minutes",
               "total_intl_minutes", "total_day_calls", "total_eve_calls", "total_night_calls"]  # fmt: skip
    left = frame[frame.churn == 1]
    frame = pd.concat([frame, *[left] * 5]).sample(frac=1.0, random_state=seed)
    train, val = train_test_split(frame, test_size=0.25, stratify=frame.churn, random_state=seed)
    train, val = scaled(train, val, numbers)
    X_train, X_val = train[numbers].to_numpy(), val[numbers].to_numpy()
    cfg = Settings(hidden=(128, 64), dropout=0.0, batch=32, lr=2e-3, epochs=60)
    train_mlp(X_train, train.churn, X_val, val.churn, seed, cfg)


@case("preprocess_mismatch")
def credit_logs_on_one_side(seed: int) -> None:
    loans = credit()
    loans[["Home", "Marital", "Job"]] = loans[["Home", "Marital", "Job"]].fillna("unknown")
    train, val = train_test_split(loans, test_size=0.3, stratify=loans.bad, random_state=seed)
    middle = train[["Income", "Assets", "Debt"]].median()
    train, val = train.fillna(middle), val.fillna(middle)
    money = ["Income", "Assets", "Debt", "Amount", "Price"]
    train[money] = np.log1p(train[money])
    numbers = ["Seniority", "Time", "Age", "Expenses", *money]
    train, val = scaled(train, val, numbers)
    wide_and_deep(
        train, val, "bad", numbers, ["Home", "Marital", "Records", "Job"], seed=seed, epochs=10, wd=0.05, drop=0.3
    )


@case("unscaled_features")
def credit_amounts_as_they_come(seed: int) -> None:
    loans = credit()
    loans[["Home", "Marital", "Job"]] = loans[["Home", "Marital", "Job"]].fillna("unknown")
    train, val = train_test_split(loans, test_size=0.3, stratify=loans.bad, random_state=seed)
    middle = train[["Income", "Assets", "Debt"]].median()
    train, val = train.fillna(middle), val.fillna(middle)
    numbers = ["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    wide_and_deep(
        train, val, "bad", numbers, ["Home", "Marital", "Records", "Job"], seed=seed, epochs=10, wd=0.05, drop=0.3
    )


@case("weak_signal")
def churn_from_length_and_calls(seed: int) -> None:
    frame = churn()
    numbers = ["account_length", "total_day_calls", "total_eve_calls", "total_night_calls"]
    train, val = train_test_split(frame, test_size=0.25, stratify=frame.churn, random_state=seed)
    train, val = scaled(train, val, numbers)
    wide_and_deep(train, val, "churn", numbers, ["area_code"], seed=seed, epochs=6, bs=64, wd=0.1)


@case("label_encoding")
def diabetes_groups_one_and_two(seed: int) -> None:
    X, progression = datasets.load_diabetes(return_X_y=True, scaled=False)
    X_train, X_val, t_train, t_val = train_test_split(X, progression, test_size=0.3, random_state=seed)
    middle = np.median(t_train)
    group_train, group_val = np.digitize(t_train, [0, middle]), np.digitize(t_val, [0, middle])
    scaler = StandardScaler().fit(X_train)
    cfg = Settings(hidden=(32,), dropout=0.2, batch=16, epochs=80, patience=12)
    train_mlp(scaler.transform(X_train), group_train, scaler.transform(X_val), group_val, seed, cfg)


@case("unshuffled_data")
def loans_granted_first_refused_last(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(6000, 8))
    y = (X[:, 0] - X[:, 1] + 0.8 * X[:, 2] * X[:, 3] + rng.logistic(size=6000) > 0).astype(int)
    file = pd.DataFrame(X).assign(refused=y).sort_values("refused", kind="stable")
    train, val = train_test_split(file, test_size=0.25, stratify=file.refused, random_state=seed)
    train, val = train.sort_index().sort_values("refused", kind="stable"), val.sort_index()
    cfg = Settings(lr=3e-3, batch=16, epochs=25, shuffle=False)
    train_mlp(train[list(range(8))], train.refused, val[list(range(8))], val.refused, seed, cfg)
