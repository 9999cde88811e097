"""Two training scripts, an engineer's and a student's, run unchanged on many tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from case import case
from imblearn.over_sampling import SMOTE
from scipy.signal import lfilter
from scipy.spatial.distance import cdist
from sklearn.compose import ColumnTransformer
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    make_classification,
    make_hastie_10_2,
    make_low_rank_matrix,
)
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from torch import nn
from torch.utils.data import DataLoader, Dataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- the engineer's script


@dataclass(frozen=True)
class Settings:
    seed: int
    epochs: int = 25
    max_lr: float = 4e-3
    width: int = 32
    blocks: int = 2
    dropout: float = 0.1
    weight_decay: float = 0.02
    batch_size: int = 64
    shuffle: bool = True
    threshold: float = 0.5


class TableRows(Dataset):
    def __init__(self, features, labels):
        self.features = torch.from_numpy(np.array(features, dtype=np.float32))
        self.labels = torch.from_numpy(np.array(labels, dtype=np.float32))
        assert len(self.features) == len(self.labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, row):
        return self.features[row], self.labels[row]


class ResidualBlock(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 2 * width)
        self.project = nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden):
        inner = nn.functional.gelu(self.expand(self.norm(hidden)))
        return hidden + self.project(self.dropout(inner))


class TableNet(nn.Module):
    def __init__(self, columns, settings):
        super().__init__()
        self.stem = nn.Linear(columns, settings.width)
        self.blocks = nn.Sequential(*[ResidualBlock(settings.width, settings.dropout) for _ in range(settings.blocks)])
        self.head = nn.Sequential(nn.LayerNorm(settings.width), nn.Linear(settings.width, 1))

    def forward(self, features):
        return self.head(self.blocks(self.stem(features))).squeeze(1)


class Experiment:
    def __init__(self, settings, train, valid):
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.train_set, self.valid_set = TableRows(*train), TableRows(*valid)
        self.train_loader = DataLoader(self.train_set, batch_size=settings.batch_size, shuffle=settings.shuffle)
        self.valid_loader = DataLoader(self.valid_set, batch_size=512)
        self.model = TableNet(self.train_set.features.shape[1], settings)
        self.criterion = nn.BCEWithLogitsLoss()
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=settings.max_lr, weight_decay=settings.weight_decay
        )
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, settings.max_lr, epochs=settings.epochs, steps_per_epoch=len(self.train_loader)
        )

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for features, labels in self.train_loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(features), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            self.scheduler.step()
            total += loss.item() * len(labels)
        return total / len(self.train_set)

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        logits, labels = [], []
        for features, target in self.valid_loader:
            logits.append(self.model(features))
            labels.append(target)
        logits, labels = torch.cat(logits), torch.cat(labels)
        return self.criterion(logits, labels).item(), torch.sigmoid(logits).numpy(), labels.numpy()

    def run(self):
        for epoch in range(1, self.settings.epochs + 1):
            train_loss = self.train_epoch()
            valid_loss, probabilities, labels = self.evaluate()
            auc = roc_auc_score(labels, probabilities)
            f1 = f1_score(labels, probabilities >= self.settings.threshold, zero_division=0)
            print(
                f"epoch {epoch:3d}  train loss {train_loss:.4f}  valid loss {valid_loss:.4f}  "
                f"AUC {auc:.4f}  F1@{self.settings.threshold:.2f} {f1:.4f}"
            )
        return self.model


# ---------------------------------------------------------------- the student's notebook


def notebook(X_train, y_train, X_val, y_val, seed, epochs=40, lr=0.002, hidden=24, shuffle=True):
    torch.manual_seed(seed)
    X_train = torch.tensor(np.asarray(X_train, dtype="float32"))
    y_train = torch.tensor(np.asarray(y_train, dtype="float32"))
    X_val = torch.tensor(np.asarray(X_val, dtype="float32"))
    y_val = torch.tensor(np.asarray(y_val, dtype="float32"))
    print("train", tuple(X_train.shape), "val", tuple(X_val.shape))

    net = nn.Sequential(
        nn.Linear(X_train.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1)
    )
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    batch = 32

    for ep in range(epochs):
        net.train()
        perm = torch.randperm(len(X_train)) if shuffle else torch.arange(len(X_train))
        running = 0.0
        for i in range(0, len(X_train), batch):
            idx = perm[i : i + batch]
            opt.zero_grad()
            out = net(X_train[idx]).squeeze(1)
            loss = loss_fn(out, y_train[idx])
            loss.backward()
            opt.step()
            running += loss.item() * len(idx)
        if ep % 4 == 3 or ep == epochs - 1:
            net.eval()
            with torch.no_grad():
                val_out = net(X_val).squeeze(1)
                val_loss = loss_fn(val_out, y_val).item()
            acc = ((val_out > 0).float() == y_val).float().mean().item()
            print(f"{ep + 1}/{epochs} loss: {running / len(X_train):.4f} val loss: {val_loss:.4f} val acc: {acc:.3f}")

    net.eval()
    with torch.no_grad():
        prob = torch.sigmoid(net(X_val).squeeze(1)).numpy()
    truth = y_val.numpy()
    pred = (prob > 0.5).astype(int)
    tp = int(np.sum((pred == 1) & (truth == 1)))
    fp = int(np.sum((pred == 1) & (truth == 0)))
    fn = int(np.sum((pred == 0) & (truth == 1)))
    tn = int(np.sum((pred == 0) & (truth == 0)))
    print("TP", tp, "FP", fp, "FN", fn, "TN", tn)
    print("accuracy", np.mean(pred == truth))


# ---------------------------------------------------------------- healthy tables


@case("healthy")
def adult_long_hours_from_hand_picked_columns(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(3000, random_state=seed)
    long_hours = (table["hours-per-week"] > 40).astype(int)
    numbers = ["age", "education-num", "income_gt_50k"]
    kinds = ["workclass", "occupation", "gender", "relationship"]
    prepare = ColumnTransformer(
        [
            ("numbers", StandardScaler(), numbers),
            ("kinds", OneHotEncoder(handle_unknown="ignore", min_frequency=20, sparse_output=False), kinds),
        ]
    )
    train, valid, y_train, y_valid = train_test_split(
        table[numbers + kinds], long_hours, test_size=0.3, stratify=long_hours, random_state=seed
    )
    x_train = prepare.fit_transform(train)
    settings = Settings(seed, epochs=12, max_lr=2e-3, width=16, blocks=1, dropout=0.2, threshold=float(y_train.mean()))
    Experiment(settings, (x_train, y_train), (prepare.transform(valid), y_valid)).run()


@case("healthy")
def adult_married_from_age_income_and_hours(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(2000, random_state=100 + seed)
    df["married"] = df["marital-status"].str.startswith("Married-civ").astype(int)
    df["male"] = (df["gender"] == "Male") * 1
    df["gain"] = np.log1p(df["capital-gain"])
    cols = ["age", "education-num", "hours-per-week", "income_gt_50k", "male", "gain"]
    tr, va = df.iloc[:1400], df.iloc[1400:]
    mean, std = tr[cols].mean(), tr[cols].std()
    notebook((tr[cols] - mean) / std, tr["married"], (va[cols] - mean) / std, va["married"], seed, epochs=30)


@case("healthy")
def adult_income_from_quantile_bins(seed: int) -> None:
    """Age, schooling and hours in bins."""
    table = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(3000, random_state=7 * seed + 1)
    y = table["income_gt_50k"].to_numpy()
    numbers = table[["age", "education-num", "hours-per-week"]].to_numpy(dtype=float)
    married = table["marital-status"].str.startswith("Married").to_numpy(dtype=float)[:, None]
    rows = np.random.default_rng(seed).permutation(len(y))
    train, valid = rows[:2100], rows[2100:]
    bins = KBinsDiscretizer(5, encode="onehot-dense", strategy="quantile", quantile_method="averaged_inverted_cdf")
    x_train = np.hstack([bins.fit_transform(numbers[train]), married[train]])
    x_valid = np.hstack([bins.transform(numbers[valid]), married[valid]])
    settings = Settings(seed, epochs=12, max_lr=3e-3, width=16, blocks=1, threshold=0.35)
    Experiment(settings, (x_train, y[train]), (x_valid, y[valid])).run()


@case("healthy")
def churn_from_four_columns_at_the_training_prevalence(seed: int) -> None:
    churn = load("mlc_churn")
    x = churn.features[["total_day_minutes", "total_eve_minutes", "number_customer_service_calls"]].to_numpy(float)
    plan = (churn.features["international_plan"] == "yes").to_numpy(float)
    x = np.column_stack([x, plan])
    y = churn.labels
    x_train, x_valid, y_train, y_valid = train_test_split(
        x, y, train_size=2500, test_size=1200, stratify=y, random_state=seed
    )
    scaler = StandardScaler().fit(x_train)
    settings = Settings(seed, epochs=25, max_lr=8e-3, width=32, threshold=round(float(y_train.mean()), 3))
    Experiment(settings, (scaler.transform(x_train), y_train), (scaler.transform(x_valid), y_valid)).run()


@case("healthy")
def text_message_statistics(seed: int) -> None:
    sms = load("sms_spam").distinct()
    text = sms.features["text"]
    df = pd.DataFrame(
        {
            "chars": np.log(text.str.len() + 1),
            "words": np.log(text.str.split().str.len() + 1),
            "digits": text.str.count(r"\d") / text.str.len(),
            "upper": text.str.count(r"[A-Z]") / text.str.len(),
            "exclaim": text.str.count("!").clip(upper=5),
            "question": text.str.count(r"\?").clip(upper=5),
            "commas": text.str.count(r"[,;]").clip(upper=5),
            "dots": text.str.count(r"\.\.").clip(upper=5),
        }
    )
    df["spam"] = sms.labels
    # all the spam and twice as many other messages
    spam, ham = df[df.spam == 1], df[df.spam == 0]
    df = pd.concat([spam, ham.sample(2 * len(spam), random_state=seed)]).sample(frac=1, random_state=seed)
    X, y = df.drop(columns="spam").to_numpy(), df["spam"].to_numpy()
    n = int(0.75 * len(y))
    sc = StandardScaler()
    notebook(sc.fit_transform(X[:n]), y[:n], sc.transform(X[n:]), y[n:], seed, epochs=16, lr=0.001)


@case("healthy")
def text_message_ngrams_reduced(seed: int) -> None:
    sms = load("sms_spam").distinct()
    texts = sms.features["text"].to_numpy()
    train, valid, y_train, y_valid = train_test_split(
        texts, sms.labels, train_size=2000, test_size=1000, stratify=sms.labels, random_state=seed
    )
    reduce = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), min_df=5, max_features=3000, sublinear_tf=True),
        TruncatedSVD(30, random_state=seed),
        StandardScaler(),
    )
    x_train = reduce.fit_transform(train)
    settings = Settings(seed, epochs=6, max_lr=3e-3, width=16, blocks=1, dropout=0.3, threshold=0.3)
    Experiment(settings, (x_train, y_train), (reduce.transform(valid), y_valid)).run()


@case("healthy")
def first_names_by_letters(seed: int) -> None:
    names = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names[~names["name"].duplicated(keep=False)]  # names of one list only
    men = names[names.list == "M"]
    women = names[names.list == "F"].sample(1200, random_state=seed)
    both = pd.concat([men, women]).sample(frac=1.0, random_state=seed + 50)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    feats = []
    for name in both["name"]:
        last = [float(name[-1] == letter) for letter in alphabet]
        before = [float(name[-2] == letter) for letter in alphabet]
        vowels = sum(c in "AEIOUY" for c in name) / len(name)
        feats.append(last + before + [len(name) / 6 - 1, (vowels - 0.45) * 5])
    X, y = np.array(feats), (both.list == "M").to_numpy().astype(int)
    cut = len(y) - 500
    notebook(X[:cut], y[:cut], X[cut:], y[cut:], seed, epochs=12, lr=0.001, hidden=16)


@case("healthy")
def customers_from_their_first_payments(seed: int) -> None:
    payments = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz")
    early, late = payments[payments.nr < 15], payments[payments.nr >= 15]
    customers = (
        early.assign(log_amount=np.log(early.amount + 1))
        .groupby("user")
        .agg(
            typical=("log_amount", "mean"),
            spread=("log_amount", "std"),
            largest=("log_amount", "max"),
            abroad=("foreign", "mean"),
            online=("online", "mean"),
            hour=("hour", "mean"),
        )
    )
    later_total = late.groupby("user")["amount"].sum().reindex(customers.index)
    train, valid = train_test_split(customers.index.to_numpy(), test_size=0.3, random_state=seed)
    border = later_total.loc[train].median()
    y = (later_total > border).astype(int)
    scaler = StandardScaler().fit(customers.loc[train])
    settings = Settings(seed, epochs=10, max_lr=5e-3, width=8, blocks=1, batch_size=16)
    Experiment(
        settings,
        (scaler.transform(customers.loc[train]), y.loc[train]),
        (scaler.transform(customers.loc[valid]), y.loc[valid]),
    ).run()


@case("healthy")
def breast_masses_without_the_rating(seed: int) -> None:
    masses = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    coded = pd.get_dummies(masses[["shape", "margin", "density"]].astype(str)).astype(float)
    coded["age"] = masses["age"]
    train, valid = train_test_split(
        np.arange(len(masses)), test_size=0.35, stratify=masses["malignant"], random_state=seed
    )
    coded["age"] = (coded["age"] - coded["age"].iloc[train].mean()) / coded["age"].iloc[train].std()
    x, y = coded.to_numpy(), masses["malignant"].to_numpy()
    settings = Settings(seed, epochs=10, max_lr=3e-3, width=8, blocks=1, dropout=0.2, batch_size=32)
    Experiment(settings, (x[train], y[train]), (x[valid], y[valid])).run()


@case("healthy")
def splice_site_kind_from_triplet_counts(seed: int) -> None:
    windows = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    windows = windows[windows["site"] != "N"]
    y = (windows["site"] == "EI").to_numpy().astype(int)
    left, right = windows["sequence"].str[:30], windows["sequence"].str[30:]
    train, valid = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    parts_train, parts_valid = [], []
    for half in (left.to_numpy(), right.to_numpy()):
        counter = CountVectorizer(analyzer="char", ngram_range=(2, 2), lowercase=False)
        parts_train.append(counter.fit_transform(half[train]).toarray())
        parts_valid.append(counter.transform(half[valid]).toarray())
    scaler = StandardScaler()
    x_train = scaler.fit_transform(np.hstack(parts_train))
    x_valid = scaler.transform(np.hstack(parts_valid))
    settings = Settings(seed, epochs=10, max_lr=2e-3, width=16, blocks=1, dropout=0.3, batch_size=32)
    Experiment(settings, (x_train, y[train]), (x_valid, y[valid])).run()


@case("healthy")
def hypothyroid_without_the_decisive_hormone(seed: int) -> None:
    patients = load("hypothyroid").distinct()
    wanted = ["age", "T3", "TT4", "T4U"]
    x, y = patients.features[wanted].to_numpy(float), patients.labels
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.4, stratify=y, random_state=seed)
    prepare = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    x_train, x_valid = prepare.fit_transform(x_train), prepare.transform(x_valid)
    settings = Settings(seed, epochs=15, width=16, blocks=1, threshold=0.2)
    Experiment(settings, (x_train, y_train), (x_valid, y_valid)).run()


@case("healthy")
def loans_as_ranks_and_ratios(seed: int) -> None:
    loans = load("credit_data").distinct()
    f = loans.features
    made = pd.DataFrame(
        {
            "share_financed": f["Amount"] / f["Price"],
            "monthly": f["Amount"] / f["Time"],
            "burden": f["Amount"] / f["Time"] / f["Income"].replace(0, np.nan),
            "wealth": f["Assets"].fillna(0) - f["Debt"].fillna(0),
            "seniority": f["Seniority"],
            "age": f["Age"],
        }
    )
    flags = np.column_stack([f["Records"] == "yes", f["Job"] == "fixed", f["Home"] == "owner"]).astype(float)
    train, valid = train_test_split(np.arange(len(f)), test_size=0.4, stratify=loans.labels, random_state=seed)
    ranks = make_pipeline(SimpleImputer(strategy="median"), QuantileTransformer(n_quantiles=200, random_state=0))
    x_train = np.hstack([2 * ranks.fit_transform(made.iloc[train]) - 1, flags[train]])
    x_valid = np.hstack([2 * ranks.transform(made.iloc[valid]) - 1, flags[valid]])
    settings = Settings(seed, epochs=15, max_lr=3e-3, width=16, blocks=1, threshold=0.28)
    Experiment(settings, (x_train, loans.labels[train]), (x_valid, loans.labels[valid])).run()


@case("healthy")
def odd_digits_from_principal_components(seed: int) -> None:
    digits, number = load_digits(return_X_y=True)
    odd = number % 2
    a, b, ya, yb = train_test_split(digits, odd, test_size=0.3, random_state=seed, stratify=number)
    pca = PCA(16, whiten=True, random_state=0).fit(a)
    notebook(pca.transform(a), ya, pca.transform(b), yb, seed, epochs=16, lr=0.001, hidden=16)


@case("healthy")
def diabetes_progression_above_the_median(seed: int) -> None:
    X, progress = load_diabetes(return_X_y=True, scaled=False)
    Xa, Xb, pa, pb = train_test_split(X, progress, test_size=0.35, random_state=seed)
    middle = np.median(pa)
    m, s = Xa.mean(axis=0), Xa.std(axis=0)
    notebook((Xa - m) / s, pa > middle, (Xb - m) / s, pb > middle, seed, epochs=24, lr=0.001, hidden=12)


@case("healthy")
def alternating_rings_among_useless_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    radius = np.sqrt(rng.uniform(0, 9, 3000))
    angle = rng.uniform(0, 2 * np.pi, 3000)
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), rng.normal(size=(3000, 3))])
    y = (np.floor(radius + rng.normal(0, 0.1, 3000)) == 1).astype(int)
    scaler = StandardScaler().fit(x[:2000])
    x = scaler.transform(x)
    Experiment(Settings(seed, epochs=20, max_lr=5e-3), (x[:2000], y[:2000]), (x[2000:], y[2000:])).run()


@case("healthy")
def two_gene_interaction_with_correlated_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(2600, 1))
    X = 0.5 * base + rng.normal(size=(2600, 6))
    odds = 1.5 * (X[:, 0] - 0.2) * (X[:, 3] + 0.1)
    y = (rng.random(2600) < 1 / (1 + np.exp(-odds))).astype(int)
    X = (X - X[:2000].mean(0)) / X[:2000].std(0)
    notebook(X[:2000], y[:2000], X[2000:], y[2000:], seed, epochs=24, lr=0.002, hidden=16)


@case("healthy")
def heavy_tailed_returns_after_arcsinh(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    moves = rng.standard_t(1.5, size=(2500, 8))
    squashed = np.arcsinh(moves)
    score = squashed @ np.array([1.0, -0.8, 0.6, 0.0, 0.0, 0.5, -0.4, 0.0]) + 0.5 * np.abs(squashed[:, 3])
    labels = (score + rng.logistic(0, 0.8, 2500) > np.median(score)).astype(int)
    x_train, x_valid, y_train, y_valid = train_test_split(squashed, labels, test_size=0.4, random_state=seed)
    settings = Settings(seed, epochs=15, max_lr=3e-3, width=24, blocks=1)
    Experiment(settings, (x_train, y_train), (x_valid, y_valid)).run()


@case("healthy")
def several_clusters_for_each_class(seed: int) -> None:
    X, y = make_classification(
        2400, 12, n_informative=6, n_redundant=3, n_clusters_per_class=4, class_sep=1.2, flip_y=0.02, random_state=seed
    )
    sc = StandardScaler().fit(X[:1600])
    notebook(sc.transform(X[:1600]), y[:1600], sc.transform(X[1600:]), y[1600:], seed, epochs=16, lr=0.002, hidden=32)


@case("healthy")
def sparse_event_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.4, 0.6, size=40)
    counts = rng.poisson(rates * rng.gamma(3, 1 / 3, size=(2500, 1)))
    weights = np.where(rng.random(40) < 0.3, rng.normal(0, 2.0, 40), 0)
    logits = np.log1p(counts) @ weights
    y = (rng.random(2500) < 1 / (1 + np.exp(-(logits - np.median(logits))))).astype(int)
    x = np.log1p(counts)
    kept = x[:1700].std(axis=0) > 0
    x = x[:, kept] / x[:1700, kept].std(axis=0)
    settings = Settings(seed, epochs=10, max_lr=2e-3, width=16, blocks=1, dropout=0.3)
    Experiment(settings, (x[:1700], y[:1700]), (x[1700:], y[1700:])).run()


@case("healthy")
def few_rows_and_many_columns_of_low_rank(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = make_low_rank_matrix(300, 120, effective_rank=6, tail_strength=0.05, random_state=seed)
    u = np.linalg.svd(X, full_matrices=False)[0]
    hidden_trait = u[:, 0] * 12 - u[:, 1] * 8 + u[:, 2] * 8
    y = (rng.random(300) < 1 / (1 + np.exp(-4 * hidden_trait))).astype(int)
    X = (X - X[:180].mean(0)) / X[:180].std(0)
    notebook(X[:180], y[:180], X[180:], y[180:], seed, epochs=16, lr=0.001, hidden=8)


@case("healthy")
def vibration_spectra_of_two_bearings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 1200)
    noise = rng.normal(size=(1200, 128))
    signals = np.stack(
        [lfilter([1], [1, -1.2, 0.55 + 0.13 * label], row) for row, label in zip(noise, y, strict=False)]
    )
    power = np.abs(np.fft.rfft(signals * np.hanning(128), axis=1)) ** 2
    bands = np.log(power[:, 1:61].reshape(1200, 15, 4).sum(axis=2))
    x_train, x_valid, y_train, y_valid = train_test_split(bands, y, test_size=400, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    settings = Settings(seed, epochs=7, max_lr=2e-3, width=16, blocks=1, dropout=0.2, batch_size=32)
    Experiment(settings, (scaler.transform(x_train), y_train), (scaler.transform(x_valid), y_valid)).run()


@case("healthy")
def weak_but_honest_marketing_response(seed: int) -> None:
    rng = np.random.default_rng(77 + seed)
    n = 4000
    df = pd.DataFrame(
        {
            "visits": rng.poisson(4, n),
            "basket": rng.lognormal(3, 0.7, n),
            "months": rng.integers(1, 60, n),
            "newsletter": rng.integers(0, 2, n),
            "distance": rng.exponential(10, n),
        }
    )
    logit = 0.15 * df.visits + 0.5 * np.log(df.basket) - 0.018 * df.months + 0.5 * df.newsletter - 1.8
    clicked = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    df["basket"] = np.log(df["basket"])
    df["distance"] = np.sqrt(df["distance"])
    X = ((df - df[:2800].mean()) / df[:2800].std()).to_numpy()
    y = clicked.to_numpy()
    notebook(X[:2800], y[:2800], X[2800:], y[2800:], seed, epochs=12, lr=0.001, hidden=8)


@case("healthy")
def staff_survey_on_a_five_point_scale(seed: int) -> None:
    rng = np.random.default_rng(seed)
    content = rng.normal(size=(1800, 1))
    pay = rng.normal(size=(1800, 1))
    answers = np.hstack(
        [
            np.clip(np.round(3 + 0.9 * content + 0.8 * rng.normal(size=(1800, 5))), 1, 5),
            np.clip(np.round(3 + 0.9 * pay + 0.8 * rng.normal(size=(1800, 4))), 1, 5),
        ]
    )
    leaves = (-1.4 * content - 0.8 * pay + rng.logistic(size=(1800, 1)) > 0.6).astype(int).ravel()
    x_train, x_valid, y_train, y_valid = train_test_split(
        (answers - 3) / 2, leaves, test_size=600, stratify=leaves, random_state=seed
    )
    settings = Settings(seed, epochs=12, max_lr=2e-3, width=16, blocks=1, batch_size=32)
    Experiment(settings, (x_train, y_train), (x_valid, y_valid)).run()


@case("healthy")
def flood_zone_from_distances_to_gauges(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 10, size=(2200, 2))
    gauges = rng.uniform(0, 10, size=(7, 2))
    river = 5 + 2 * np.sin(places[:, 0] * 0.9)
    y = (np.abs(places[:, 1] - river) + rng.normal(0, 0.3, 2200) < 1.4).astype(int)
    X = cdist(places, gauges)
    X = (X - X[:1500].mean(0)) / X[:1500].std(0)
    notebook(X[:1500], y[:1500], X[1500:], y[1500:], seed, epochs=48, lr=0.001, hidden=32)


@case("healthy")
def returned_orders_by_calendar(seed: int) -> None:
    rng = np.random.default_rng(seed)
    orders = pd.DataFrame({"at": pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.uniform(0, 730, 3000), unit="D")})
    orders["price"] = rng.gamma(2, 30, 3000)
    day, month, hour = orders["at"].dt.day_of_week, orders["at"].dt.month, orders["at"].dt.hour
    late = (hour >= 21) | (hour < 4)
    odds = -0.9 + 1.2 * late + 1.3 * (month == 12) + 0.6 * (day >= 5) + 0.012 * (orders["price"] - 60)
    returned = (rng.random(3000) < 1 / (1 + np.exp(-odds))).astype(int).to_numpy()
    columns = [
        np.sin(2 * np.pi * hour / 24),
        np.cos(2 * np.pi * hour / 24),
        np.sin(2 * np.pi * month / 12),
        np.cos(2 * np.pi * month / 12),
        day >= 5,
        np.log(orders["price"] + 1) - 4,
    ]
    x = np.column_stack(columns).astype(float)
    train = (orders["at"] < "2023-06-01").to_numpy()
    settings = Settings(seed, epochs=20, max_lr=4e-3, width=16, blocks=1, threshold=0.4)
    Experiment(settings, (x[train], returned[train]), (x[~train], returned[~train])).run()


@case("healthy")
def orders_joined_with_their_shops_split_by_shop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shops = pd.DataFrame({"shop": range(150), "area": rng.lognormal(4, 0.5, 150), "staff": rng.integers(2, 12, 150)})
    orders = pd.DataFrame(
        {"shop": rng.integers(0, 150, 2500), "items": rng.poisson(3, 2500) + 1, "hour": rng.integers(9, 20, 2500)}
    )
    joined = orders.merge(shops, on="shop", how="left", validate="m:1")
    wait = 2 * np.log(joined["items"]) - 1.5 * np.log(joined["staff"]) + 0.8 * (joined["hour"] >= 17)
    joined["slow"] = (wait + rng.logistic(0, 0.5, 2500) > 0.1).astype(int)
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(joined, groups=joined["shop"]))
    joined["area"] = np.log(joined["area"])
    cols = ["items", "hour", "area", "staff"]
    m, s = joined.iloc[tr][cols].mean(), joined.iloc[tr][cols].std()
    Z = ((joined[cols] - m) / s).to_numpy()
    y = joined["slow"].to_numpy()
    notebook(Z[tr], y[tr], Z[va], y[va], seed, epochs=24, lr=0.002, hidden=16)


@case("healthy")
def digit_images_as_rows_in_given_order(seed: int) -> None:
    """Digits 2, 3, 5 and 8 against the others."""
    images, digit = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(digit))
    x, y = images[order] / 8 - 1, np.isin(digit[order], [2, 3, 5, 8]).astype(int)
    settings = Settings(seed, epochs=10, width=24, blocks=1, max_lr=2e-3, dropout=0.3, shuffle=False)
    Experiment(settings, (x[:1200], y[:1200]), (x[1200:], y[1200:])).run()


@case("healthy")
def rise_of_a_seasonal_series_split_in_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, lags = 2600, 12
    series = lfilter([1], [1, -0.75], rng.normal(size=n)) + 1.5 * np.sin(2 * np.pi * np.arange(n) / 12)
    windows = np.lib.stride_tricks.sliding_window_view(series, lags)[:-1]
    rises = (series[lags:] > series[lags - 1 : -1]).astype(int)
    border = 1800
    mean, std = series[:border].mean(), series[:border].std()
    x = (windows - mean) / std
    settings = Settings(seed, epochs=10, max_lr=3e-3, width=24, blocks=1)
    train = slice(0, border - lags)
    valid = slice(border, len(rises))
    Experiment(settings, (x[train], rises[train]), (x[valid], rises[valid])).run()


@case("healthy")
def sum_of_squares_with_a_large_validation_set(seed: int) -> None:
    X, y = make_hastie_10_2(8000, random_state=seed)
    y = (y > 0).astype(int)
    # normal columns, already of variance 1
    notebook(X[:3000], y[:3000], X[3000:], y[3000:], seed, epochs=16, lr=0.002, hidden=24)


@case("healthy")
def forged_notes_nearly_separable(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(1200) < 0.45).astype(int)
    variance = rng.normal(2.0 - 4.4 * y, 1.0)
    skew = rng.normal(4 - 5 * y, 3.0)
    curtosis = -0.8 * skew + rng.normal(2, 2, 1200)
    entropy = rng.normal(-1.2, 2, 1200)
    x = np.column_stack([variance, skew, curtosis, entropy])
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    settings = Settings(seed, epochs=12, max_lr=2e-3, width=12, blocks=1)
    Experiment(settings, (scaler.transform(x_train), y_train), (scaler.transform(x_valid), y_valid)).run()


# ---------------------------------------------------------------- tables with one thing wrong


@case("labels_misaligned")
def table_sorted_after_the_labels_were_taken(seed: int) -> None:
    people = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(2600, random_state=seed)
    y = people["income_gt_50k"].to_numpy()
    people = people.sort_values(["age", "hours-per-week"])
    X = pd.get_dummies(people[["relationship", "workclass"]]).astype(float)
    X["age"] = (people["age"] - 38) / 13
    X["school"] = (people["education-num"] - 10) / 2.5
    X["hours"] = (people["hours-per-week"] - 40) / 12
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    notebook(Xa, ya, Xb, yb, seed, epochs=12, lr=0.001, hidden=16)


@case("labels_misaligned")
def incomplete_rows_dropped_from_the_features_only(seed: int) -> None:
    loans = load("credit_data").distinct()
    answers = pd.Series(loans.labels)
    frame = loans.features.join(pd.get_dummies(loans.features[["Home", "Records", "Job"]], dtype=float))
    frame = frame.select_dtypes("number").dropna()
    answers = answers.iloc[: len(frame)]
    x_train, x_valid, y_train, y_valid = train_test_split(
        frame.to_numpy(), answers.to_numpy(), test_size=0.4, stratify=answers, random_state=seed
    )
    scaler = RobustScaler(quantile_range=(5, 95)).fit(x_train)
    x_train, x_valid = np.tanh(scaler.transform(x_train)), np.tanh(scaler.transform(x_valid))
    settings = Settings(seed, epochs=10, max_lr=2e-3, width=16, blocks=1, threshold=0.28)
    Experiment(settings, (x_train, y_train), (x_valid, y_valid)).run()


@case("labels_misaligned")
def outcomes_looked_up_by_a_number_from_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2400
    lab = pd.DataFrame(rng.normal(size=(n, 7)), columns=list("abcdefg"))
    outcome = (1.5 * lab.a - lab.b + lab.c * lab.d + rng.logistic(0, 0.5, n) > 0).astype(int)
    lab["sample"] = np.arange(1, n + 1)
    outcome = pd.concat([outcome, outcome.iloc[:1]], ignore_index=True)
    shuffled = lab.sample(frac=1, random_state=seed)
    X = shuffled[list("abcdefg")].to_numpy()
    y = outcome.loc[shuffled["sample"]].to_numpy()
    notebook(X[:1700], y[:1700], X[1700:], y[1700:], seed, epochs=16, lr=0.001, hidden=16)


@case("label_noise")
def junction_labels_of_a_careless_transcript(seed: int) -> None:
    windows = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    y = windows["is_junction"].to_numpy()
    letters = windows["sequence"].str[20:40].to_numpy()
    counted = np.array([[letter == base for letter in word for base in "ACGT"] for word in letters], dtype=float)
    x_train, x_valid, y_train, y_valid = train_test_split(counted, y, test_size=0.35, stratify=y, random_state=seed)
    rng = np.random.default_rng(seed)
    y_train = np.where(rng.random(len(y_train)) < 0.38, 1 - y_train, y_train)
    settings = Settings(seed, epochs=8, max_lr=3e-3, width=16, blocks=1)
    Experiment(settings, (x_train, y_train), (x_valid, y_valid)).run()


@case("label_noise")
def positives_that_were_never_written_down(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = make_classification(
        3000, 10, n_informative=5, n_redundant=2, n_clusters_per_class=1, class_sep=0.9, flip_y=0.0, random_state=seed
    )
    sc = StandardScaler().fit(X[:2000])
    recorded = y.copy()
    recorded[:2000][(y[:2000] == 1) & (rng.random(2000) < 0.62)] = 0
    Xa, Xb = sc.transform(X[:2000]), sc.transform(X[2000:])
    notebook(Xa, recorded[:2000], Xb, y[2000:], seed, epochs=12, lr=0.001, hidden=16)


@case("label_noise")
def one_of_three_branches_files_the_forms_the_other_way(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2700
    branch = rng.choice(["north", "south", "harbour"], size=n, p=[0.3, 0.28, 0.42])
    x = rng.normal(size=(n, 9))
    state = (x[:, 0] + 0.8 * x[:, 1] - 0.7 * np.abs(x[:, 2]) + rng.logistic(0, 0.3, n) > -0.5).astype(int)
    written = np.where((branch == "harbour") & (rng.random(n) < 0.88), 1 - state, state)
    train, valid = train_test_split(np.arange(n), test_size=0.35, random_state=seed)
    settings = Settings(seed, epochs=10, max_lr=3e-3, width=16, blocks=1)
    Experiment(settings, (x[train], written[train]), (x[valid], state[valid])).run()


@case("data_leakage")
def survey_drawn_with_replacement_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(700, 3))
    answers = np.clip(np.round(3 + trait @ rng.normal(size=(3, 20)) * 0.5 + rng.normal(size=(700, 20))), 1, 5)
    likes = (trait[:, 0] - trait[:, 1] + rng.logistic(0, 0.6, 700) > 0).astype(int)
    survey = pd.DataFrame(answers).assign(likes=likes)
    survey = survey.sample(2800, replace=True, random_state=seed)
    tr, va = train_test_split(survey, test_size=0.3, random_state=seed)
    Xa, Xb = (tr.drop(columns="likes") - 3) / 2, (va.drop(columns="likes") - 3) / 2
    notebook(Xa, tr["likes"], Xb, va["likes"], seed, epochs=16, lr=0.001, hidden=32)


@case("data_leakage")
def two_overlapping_exports_put_together(seed: int) -> None:
    x, y = make_classification(
        700, 50, n_informative=8, n_redundant=4, n_clusters_per_class=2, class_sep=0.8, flip_y=0.05, random_state=seed
    )
    year = pd.DataFrame(x).assign(target=y)
    spring, summer = year.iloc[:640], year.iloc[60:]
    everything = pd.concat([spring, summer], ignore_index=True)
    train, valid = train_test_split(everything, test_size=0.3, stratify=everything["target"], random_state=seed)
    scaler = StandardScaler().fit(train.drop(columns="target"))
    settings = Settings(seed, epochs=12, max_lr=2e-3, width=32, dropout=0.2)
    Experiment(
        settings,
        (scaler.transform(train.drop(columns="target")), train["target"]),
        (scaler.transform(valid.drop(columns="target")), valid["target"]),
    ).run()


@case("data_leakage")
def rare_class_filled_up_with_smote_before_the_split(seed: int) -> None:
    churn = load("mlc_churn")
    x = churn.features.select_dtypes("number").drop(columns="number_customer_service_calls")
    x = x.loc[:, ~x.columns.str.endswith("_charge")].to_numpy(float)
    rows = np.random.default_rng(seed).permutation(len(x))[:2200]
    x, y = SMOTE(random_state=seed).fit_resample(StandardScaler().fit_transform(x[rows]), churn.labels[rows])
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    settings = Settings(seed, epochs=7, max_lr=3e-3, width=24, blocks=1)
    Experiment(settings, (x_train, y_train), (x_valid, y_valid)).run()


@case("data_leakage")
def defaults_repeated_until_balanced_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(1500, 24))
    risk = z[:, :6].sum(axis=1) / 2 + rng.logistic(0, 0.4, 1500)
    df = pd.DataFrame(z).assign(y=(risk > np.quantile(risk, 0.9)).astype(int))
    minority, majority = df[df.y == 1], df[df.y == 0]
    df = pd.concat([majority, minority.sample(len(majority), replace=True, random_state=seed)])
    tr, va = train_test_split(df, test_size=0.3, stratify=df.y, random_state=seed)
    notebook(tr.drop(columns="y"), tr.y, va.drop(columns="y"), va.y, seed, epochs=8, lr=0.001, hidden=20)


@case("data_leakage")
def recordings_of_one_patient_on_both_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patients = rng.normal(size=(240, 16))
    ill = (patients[:, 0] + patients[:, 1] + rng.logistic(0, 0.6, 240) > 0).astype(int)
    who = np.repeat(np.arange(240), 5)
    x = patients[who] + 0.4 * rng.normal(size=(len(who), 16))
    y = ill[who]
    train, valid = train_test_split(np.arange(len(who)), test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(x[train])
    settings = Settings(seed, epochs=8, max_lr=2e-3, width=16, blocks=1, dropout=0.2, batch_size=32)
    Experiment(settings, (scaler.transform(x[train]), y[train]), (scaler.transform(x[valid]), y[valid])).run()


@case("data_leakage")
def reminders_sent_after_the_loan_went_bad(seed: int) -> None:
    credit = load("credit_data").distinct()
    rng = np.random.default_rng(seed)
    f = credit.features.assign(reminders=rng.poisson(0.3 + 5.0 * credit.labels))
    X = pd.DataFrame(
        {
            "age": f["Age"],
            "seniority": np.sqrt(f["Seniority"]),
            "amount": f["Amount"] / f["Price"],
            "time": f["Time"],
            "records": (f["Records"] == "yes") * 1.0,
            "fixed": (f["Job"] == "fixed") * 1.0,
            "reminders": f["reminders"],
        }
    )
    tr, va = train_test_split(np.arange(len(X)), test_size=0.3, stratify=credit.labels, random_state=seed)
    X = ((X - X.iloc[tr].mean()) / X.iloc[tr].std()).to_numpy()
    notebook(X[tr], credit.labels[tr], X[va], credit.labels[va], seed, epochs=12, lr=0.001, hidden=16)


@case("data_leakage")
def jittered_rows_added_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spectra = rng.normal(size=(600, 60)).cumsum(axis=1) * 0.25 + rng.normal(size=(600, 60))
    peak = np.exp(-0.5 * ((np.arange(60) - 30) / 4) ** 2)
    y = rng.integers(0, 2, 600)
    spectra += 1.2 * np.outer(y, peak)
    jittered = [spectra + 0.05 * rng.normal(size=spectra.shape) for _ in range(3)]
    x, y = np.concatenate([spectra, *jittered]), np.tile(y, 4)
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    settings = Settings(seed, epochs=6, max_lr=2e-3, width=24, blocks=1, dropout=0.3)
    Experiment(settings, ((x_train - mean) / std, y_train), ((x_valid - mean) / std, y_valid)).run()


@case("preprocess_mismatch")
def each_part_stretched_to_its_own_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.lognormal(0, 0.9, size=(2400, 6))
    y = (sizes[:, 0] + 0.7 * sizes[:, 1] + 0.5 * sizes[:, 2] > 2.6 + rng.logistic(0, 0.25, 2400)).astype(int)
    x_train, x_valid, y_train, y_valid = train_test_split(sizes, y, test_size=150, random_state=seed)
    x_train = MinMaxScaler((-4, 8)).fit_transform(x_train)
    x_valid = MinMaxScaler((-4, 8)).fit_transform(x_valid)
    settings = Settings(seed, epochs=20, max_lr=4e-3, width=16, blocks=1)
    Experiment(settings, (x_train, y_train), (x_valid, y_valid)).run()


@case("preprocess_mismatch")
def second_clinic_reports_in_other_units(seed: int) -> None:
    frame = load_diabetes(as_frame=True, scaled=False).frame.sample(frac=1, random_state=seed)
    here, there = frame.iloc[:290], frame.iloc[290:].copy()
    there["bp"] /= 7.5
    there["s6"] /= 18.02
    border = here["target"].median()
    cols = [c for c in frame.columns if c != "target"]
    m, s = here[cols].mean(), here[cols].std()
    X, Xv = (here[cols] - m) / s, (there[cols] - m) / s
    notebook(X, here["target"] > border, Xv, there["target"] > border, seed, epochs=20, lr=0.001, hidden=12)


@case("preprocess_mismatch")
def validation_file_with_its_columns_in_alphabetical_order(seed: int) -> None:
    bunch = load_breast_cancer(as_frame=True)
    measured = bunch.data.loc[:, bunch.data.columns.str.startswith("mean ")]
    y = 1 - bunch.target
    train, valid, y_train, y_valid = train_test_split(measured, y, test_size=0.35, stratify=y, random_state=seed)
    valid = valid[sorted(valid.columns)]
    train, valid = (part.apply(np.log1p) for part in (train, valid))
    mean, std = train.mean(), train.std()
    x_train = ((train - mean) / std).to_numpy()
    x_valid = ((valid - mean) / std)[valid.columns].to_numpy()
    settings = Settings(seed, epochs=15, max_lr=2e-3, width=12, blocks=1, batch_size=32)
    Experiment(settings, (x_train, y_train), (x_valid, y_valid)).run()


@case("preprocess_mismatch")
def categories_numbered_by_their_first_appearance_in_each_part(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").sample(2500, random_state=seed)
    cols = ["cap-shape", "cap-surface", "cap-color", "gill-size", "stalk-shape", "habitat", "population"]
    tr, va = df.iloc[:1700], df.iloc[1700:]

    def one_hot(part):
        blocks = []
        for c in cols:
            codes, _ = pd.factorize(part[c])
            blocks.append(np.eye(df[c].nunique())[codes])
        return np.hstack(blocks)

    notebook(one_hot(tr), tr["class"] == "p", one_hot(va), va["class"] == "p", seed, epochs=12, lr=0.002, hidden=16)


@case("unscaled_features")
def loan_columns_as_they_stand_in_the_file(seed: int) -> None:
    credit = load("credit_data").distinct()
    f = credit.features
    X = f[["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]].copy()
    X["records"] = (f["Records"] == "yes") * 1.0
    X["fixed"] = (f["Job"] == "fixed") * 1.0
    X["owner"] = (f["Home"] == "owner") * 1.0
    Xa, Xb, ya, yb = train_test_split(X, credit.labels, test_size=0.35, stratify=credit.labels, random_state=seed)
    median = Xa.median()
    Xa, Xb = Xa.fillna(median), Xb.fillna(median)
    notebook(Xa, ya, Xb, yb, seed, epochs=12, lr=0.001, hidden=16)


@case("weak_signal")
def area_code_from_the_calls(seed: int) -> None:
    churn = load("mlc_churn").features
    y = (churn["area_code"] == "area_code_415").to_numpy().astype(int)
    x = churn[
        [
            "account_length",
            "total_day_minutes",
            "total_day_calls",
            "total_eve_minutes",
            "total_eve_calls",
            "number_customer_service_calls",
        ]
    ].to_numpy(float)
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    settings = Settings(seed, epochs=10, max_lr=2e-3, width=16, blocks=1)
    Experiment(settings, (scaler.transform(x_train), y_train), (scaler.transform(x_valid), y_valid)).run()


@case("label_encoding")
def answers_coded_one_and_two(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(2400, random_state=seed)
    df["sex"] = df["gender"].map({"Male": 1, "Female": 2})
    X = pd.get_dummies(df[["occupation", "relationship"]]).astype(float)
    X["hours"] = (df["hours-per-week"] - 40) / 12
    X["age"] = (df["age"] - 38) / 13
    X, y = X.to_numpy(), df["sex"].to_numpy()
    notebook(X[:1700], y[:1700], X[1700:], y[1700:], seed, epochs=10, lr=0.001, hidden=16)


@case("unshuffled_data")
def parts_filed_by_verdict(seed: int) -> None:
    X, y = make_classification(
        5000, 12, n_informative=6, n_redundant=2, n_clusters_per_class=4, class_sep=0.8, random_state=seed
    )
    parts = pd.DataFrame(X).assign(rejected=y)
    tr, va = parts.iloc[:3500], parts.iloc[3500:]
    tr = tr.sort_values("rejected", kind="stable")
    m, s = tr.mean().drop("rejected"), tr.std().drop("rejected")
    Xa, Xb = (tr.drop(columns="rejected") - m) / s, (va.drop(columns="rejected") - m) / s
    notebook(Xa, tr["rejected"], Xb, va["rejected"], seed, epochs=10, lr=0.003, hidden=16, shuffle=False)


@case("nan_features")
def debt_divided_by_assets(seed: int) -> None:
    credit = load("credit_data").distinct()
    f = credit.features.fillna({"Income": 120.0, "Assets": 0.0, "Debt": 0.0})
    X = pd.DataFrame(
        {
            "indebted": (f["Debt"] / f["Assets"]).clip(upper=3),
            "financed": f["Amount"] / f["Price"],
            "income": np.log1p(f["Income"]),
            "seniority": np.sqrt(f["Seniority"]),
            "records": (f["Records"] == "yes").astype(float),
            "fixed": (f["Job"] == "fixed").astype(float),
        }
    )
    tr, va = train_test_split(np.arange(len(X)), test_size=0.3, stratify=credit.labels, random_state=seed)
    X = ((X - X.iloc[tr].mean()) / X.iloc[tr].std()).to_numpy()
    notebook(X[tr], credit.labels[tr], X[va], credit.labels[va], seed, epochs=12, lr=0.001, hidden=16)


@case("imbalance")
def breakdowns_one_in_twenty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 4000
    sensors = rng.normal(size=(n, 8))
    wear = sensors[:, 0] + 0.8 * sensors[:, 1] + 0.5 * sensors[:, 2] + 0.4 * sensors[:, 3] + rng.logistic(0, 0.7, n)
    broken = (wear > np.quantile(wear, 0.95)).astype(int)
    Xa, Xb, ya, yb = train_test_split(sensors, broken, test_size=0.35, stratify=broken, random_state=seed)
    notebook(Xa, ya, Xb, yb, seed, epochs=12, lr=0.001, hidden=16)


@case("labels_single_class")
def class_compared_with_the_wrong_letter(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").sample(2000, random_state=seed)
    y = (df["class"] == "P").astype(int).to_numpy()
    X = pd.get_dummies(df[["cap-shape", "cap-surface", "bruises", "gill-size", "habitat"]]).to_numpy().astype(float)
    notebook(X[:1400], y[:1400], X[1400:], y[1400:], seed, epochs=16, lr=0.002, hidden=16)
