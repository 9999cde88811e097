"""Three training scripts, each run unchanged on many tables."""

import copy
import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from case import case
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.metrics import accuracy_score, average_precision_score, balanced_accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, KFold, train_test_split
from sklearn.preprocessing import (
    OneHotEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ------------------------------------------------------------------ the first script


@dataclass(frozen=True)
class Settings:
    epochs: int = 60
    lr: float = 1e-3
    widths: tuple = (64, 32)


def to_dataset(features, target):
    return TensorDataset(
        torch.tensor(np.asarray(features, dtype="float32")), torch.tensor(np.asarray(target, dtype="float32"))
    )


def build_mlp(columns, widths, dropout=0.2):
    layers = []
    for width in widths:
        layers += [nn.Linear(columns, width), nn.ReLU(), nn.Dropout(dropout)]
        columns = width
    return nn.Sequential(*layers, nn.Linear(columns, 1), nn.Flatten(0))


def train_one_epoch(model, loader, criterion, optimizer):
    model.train()
    total = 0.0
    for features, target in loader:
        optimizer.zero_grad()
        loss = criterion(model(features), target)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(target)
    return total / len(loader.dataset)


@torch.no_grad()
def predict(model, loader):
    model.eval()
    return torch.cat([model(features) for features, _ in loader])


def run_pipeline(x_train, y_train, x_valid, y_valid, seed, settings=Settings(), patience=8):
    torch.manual_seed(seed)
    train_set, valid_set = to_dataset(x_train, y_train), to_dataset(x_valid, y_valid)
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    valid_loader = DataLoader(valid_set, batch_size=512)

    model = build_mlp(train_set.tensors[0].shape[1], settings.widths)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr)

    best_loss, best_state, waited, history = math.inf, copy.deepcopy(model.state_dict()), 0, []
    for epoch in range(1, settings.epochs + 1):
        train_loss = train_one_epoch(model, train_loader, criterion, optimizer)
        valid_loss = criterion(predict(model, valid_loader), valid_set.tensors[1]).item()
        history.append((train_loss, valid_loss))
        if epoch == 1 or epoch % 10 == 0:
            print(f"epoch {epoch:3d}  train loss {train_loss:.4f}  valid loss {valid_loss:.4f}")
        if valid_loss < best_loss:
            best_loss, best_state, waited = valid_loss, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited >= patience:
                print(f"early stop after epoch {epoch}")
                break
    model.load_state_dict(best_state)

    probability = torch.sigmoid(predict(model, valid_loader)).numpy()
    truth = valid_set.tensors[1].numpy().astype(int)
    print(f"accuracy          {accuracy_score(truth, (probability >= 0.5).astype(int)):.3f}")
    print(f"ROC AUC           {roc_auc_score(truth, probability):.3f}")
    print(f"average precision {average_precision_score(truth, probability):.3f}")
    return probability, history


def split_frame(frame, target, seed, share=0.25):
    train, valid = train_test_split(frame, test_size=share, stratify=frame[target], random_state=seed)
    return train.drop(columns=target), valid.drop(columns=target), train[target], valid[target]


def zscore(train, valid):
    mean, std = train.mean(), train.std().replace(0, 1.0)
    return (train - mean) / std, (valid - mean) / std


# ------------------------------------------------------------------ the second script


class NetClassifier:
    def __init__(self, hidden=(32, 16), epochs=40, lr=2e-3, random_state=0):
        self.hidden, self.epochs, self.lr, self.random_state = hidden, epochs, lr, random_state

    def _net(self, n_in):
        sizes = [n_in, *self.hidden]
        body = [part for a, b in itertools.pairwise(sizes) for part in (nn.Linear(a, b), nn.Tanh())]
        return nn.Sequential(*body, nn.Linear(sizes[-1], 2))

    def fit(self, X, y, X_val=None, y_val=None):
        torch.manual_seed(self.random_state)
        X, y = torch.as_tensor(np.asarray(X), dtype=torch.float32), torch.as_tensor(np.asarray(y), dtype=torch.long)
        self.net_ = self._net(X.shape[1])
        opt = torch.optim.AdamW(self.net_.parameters(), lr=self.lr, weight_decay=0.01)
        steps = math.ceil(len(X) / 32)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, self.epochs * steps)
        loss_fn = nn.CrossEntropyLoss()
        self.losses_, self.val_losses_ = [], []
        for epoch in range(self.epochs):
            self.net_.train()
            order, running = torch.randperm(len(X)), 0.0
            for idx in order.split(32):
                opt.zero_grad()
                loss = loss_fn(self.net_(X[idx]), y[idx])
                loss.backward()
                opt.step()
                sched.step()
                running += float(loss) * len(idx)
            self.losses_.append(running / len(X))
            line = f"[{epoch + 1:>3}/{self.epochs}] loss={self.losses_[-1]:.4f}"
            if X_val is not None:
                self.val_losses_.append(log_loss(y_val, self.predict_proba(X_val), labels=[0, 1]))
                line += f" val_loss={self.val_losses_[-1]:.4f}"
            if epoch % 5 == 4:
                print(line)
        return self

    def predict_proba(self, X):
        self.net_.eval()
        with torch.no_grad():
            logits = self.net_(torch.as_tensor(np.asarray(X), dtype=torch.float32))
        return logits.double().softmax(dim=1).numpy()

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)


def evaluate(clf, X_tr, y_tr, X_va, y_va):
    clf.fit(X_tr, y_tr, X_va, y_va)
    proba = clf.predict_proba(X_va)
    print("log loss         ", round(log_loss(y_va, proba, labels=[0, 1]), 4))
    print("balanced accuracy", round(balanced_accuracy_score(y_va, proba.argmax(axis=1)), 4))
    print("roc auc          ", round(roc_auc_score(y_va, proba[:, 1]), 4))
    return proba


# ------------------------------------------------------------------ healthy: first script


@case("healthy")
def credit_with_missing_flags(seed: int) -> None:
    source = load("credit_data").distinct()
    frame = source.features.assign(bad=source.labels)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "bad", seed)

    amounts = ["Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    numbers = ["Seniority", "Time", "Age", *amounts]

    def prepare(part):
        out = part[numbers].copy()
        out[amounts] = np.log1p(out[amounts])
        for column in ("Income", "Assets", "Debt"):
            out[column + "_missing"] = part[column].isna().astype(float)
        return out

    t, v = prepare(x_train), prepare(x_valid)
    medians = t.median()
    t, v = zscore(t.fillna(medians), v.fillna(medians))
    words = ["Home", "Marital", "Records", "Job"]
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(x_train[words].fillna("unknown"))
    t = np.hstack([t, encoder.transform(x_train[words].fillna("unknown"))])
    v = np.hstack([v, encoder.transform(x_valid[words].fillna("unknown"))])
    run_pipeline(t, y_train, v, y_valid, seed, Settings(epochs=40))


@case("healthy")
def adult_income_distinct_rows(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop(columns=["race", "gender", "education"])
    frame = frame.drop_duplicates().sample(5000, random_state=seed)
    frame["native-country"] = (frame["native-country"] == "United-States").astype(int)
    for column in ("capital-gain", "capital-loss"):
        frame[column] = np.log1p(frame[column])
    frame = pd.get_dummies(frame, columns=["workclass", "marital-status", "occupation", "relationship"], dtype=float)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "income_gt_50k", seed)
    numbers = ["age", "education-num", "capital-gain", "capital-loss", "hours-per-week"]
    x_train[numbers], x_valid[numbers] = zscore(x_train[numbers].astype(float), x_valid[numbers].astype(float))
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=25))


@case("healthy")
def adult_long_working_weeks(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates()
    frame["long_week"] = (frame.pop("hours-per-week") > 40).astype(int)
    frame = frame[["age", "education-num", "workclass", "occupation", "marital-status", "long_week"]]
    longer = frame[frame["long_week"] == 1]
    others = frame[frame["long_week"] == 0].sample(len(longer), random_state=seed)
    frame = pd.concat([longer, others]).sample(4000, random_state=seed)
    frame["age_squared"] = frame["age"] ** 2
    frame = pd.get_dummies(frame, columns=["workclass", "occupation", "marital-status"], dtype=float)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "long_week", seed, share=0.3)
    numbers = ["age", "age_squared", "education-num"]
    x_train[numbers], x_valid[numbers] = zscore(x_train[numbers].astype(float), x_valid[numbers].astype(float))
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=30))


def survey(rng, people):
    mood, service = rng.normal(size=(2, people))
    loads = np.array([[0.9, 0.1], [0.7, 0.4], [0.2, 0.9], [0.1, 0.8]])
    answers = 3.2 + np.stack([mood, service], 1) @ loads.T + rng.normal(0, 0.7, (people, 4))
    frame = pd.DataFrame(np.clip(np.round(answers), 1, 5).astype(int), columns=["price", "staff", "speed", "repair"])
    score = 0.9 * (frame["price"] - 3) + 0.5 * (frame["staff"] - 3) + 0.8 * (frame["speed"] - 3).clip(upper=1) - 0.3
    frame["recommends"] = (rng.random(people) < 1 / (1 + np.exp(-score))).astype(int)
    return frame


@case("healthy")
def survey_answers_one_to_five(seed: int) -> None:
    frame = survey(np.random.default_rng(seed), 3000)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "recommends", seed)
    run_pipeline((x_train - 3) / 2, y_train, (x_valid - 3) / 2, y_valid, seed, Settings(epochs=40, widths=(32, 16)))


@case("healthy")
def hypothyroid_rare_with_strong_signal(seed: int) -> None:
    source = load("hypothyroid").distinct()
    frame = source.features.drop(columns=["TBG", "TBG_measured"]).assign(ill=source.labels)
    labs = ["age", "TSH", "T3", "TT4", "T4U", "FTI"]
    flags = [c for c in frame.columns if c not in [*labs, "ill", "sex"]]
    frame[flags] = frame[flags].isin(["t", "y"]).astype(float)
    frame["sex"] = frame["sex"].map({"F": 1.0, "M": 0.0}).fillna(0.5)
    frame["age_missing"] = frame["age"].isna().astype(float)
    frame["TSH"] = np.log1p(frame["TSH"])
    x_train, x_valid, y_train, y_valid = split_frame(frame, "ill", seed, share=0.35)
    medians = x_train[labs].median()
    x_train[labs], x_valid[labs] = zscore(x_train[labs].fillna(medians), x_valid[labs].fillna(medians))
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=60))


@case("healthy")
def churn_states_encoded_out_of_fold(seed: int) -> None:
    source = load("mlc_churn").distinct()
    frame = source.features.assign(churn=source.labels)
    frame = frame.drop(columns=[c for c in frame.columns if c.endswith("_charge")] + ["area_code"])
    for plan in ("international_plan", "voice_mail_plan"):
        frame[plan] = (frame[plan] == "yes").astype(float)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "churn", seed)

    def rates(states, target, weight=30):
        grouped = target.groupby(states).agg(["sum", "count"])
        return (grouped["sum"] + weight * target.mean()) / (grouped["count"] + weight)

    encoded = pd.Series(0.0, index=x_train.index)
    for fit_rows, rows in KFold(5, shuffle=True, random_state=seed).split(x_train):
        table = rates(x_train["state"].iloc[fit_rows], y_train.iloc[fit_rows])
        encoded.iloc[rows] = x_train["state"].iloc[rows].map(table).fillna(y_train.iloc[fit_rows].mean()).to_numpy()
    x_valid["state"] = x_valid["state"].map(rates(x_train["state"], y_train)).fillna(y_train.mean()).astype(float)
    x_train["state"] = encoded
    x_train, x_valid = zscore(x_train.astype(float), x_valid.astype(float))
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=45, lr=3e-3))


@case("healthy")
def spambase_log_frequencies(seed: int) -> None:
    source = load("spambase").distinct()
    frame = np.log1p(source.features).assign(spam=source.labels)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "spam", seed)
    x_train, x_valid = zscore(x_train, x_valid)
    x_train, x_valid = x_train.clip(-4, 4), x_valid.clip(-4, 4)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=30))


@case("healthy")
def sms_tfidf_words(seed: int) -> None:
    source = load("sms_spam").distinct()
    frame = source.features.assign(spam=source.labels)
    frame["key"] = frame["text"].str.lower().str.replace(r"[^a-z]+", " ", regex=True).str.strip()
    frame = frame.drop_duplicates("key").drop(columns="key")
    x_train, x_valid, y_train, y_valid = split_frame(frame, "spam", seed)
    vectorizer = TfidfVectorizer(max_features=400, sublinear_tf=True)
    t = vectorizer.fit_transform(x_train["text"]).toarray()
    v = vectorizer.transform(x_valid["text"]).toarray()
    run_pipeline(t, y_train, v, y_valid, seed, Settings(epochs=14, lr=1.5e-3, widths=(32,)))


@case("healthy")
def sms_hashed_ngrams_svd(seed: int) -> None:
    source = load("sms_spam").distinct()
    text, label = source.features["text"], source.labels
    t_text, v_text, y_train, y_valid = train_test_split(text, label, test_size=0.3, stratify=label, random_state=seed)
    hasher = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 3), n_features=2048, alternate_sign=False)
    svd = TruncatedSVD(30, random_state=seed)
    t = pd.DataFrame(svd.fit_transform(hasher.transform(t_text)))
    v = pd.DataFrame(svd.transform(hasher.transform(v_text)))
    t, v = zscore(t, v)
    run_pipeline(t, y_train, v, y_valid, seed, Settings(epochs=20, lr=5e-4, widths=(32, 16)))


@case("healthy")
def splice_donor_or_acceptor(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    frame = frame[frame["site"] != "N"].reset_index(drop=True)
    letters = np.array([list(sequence) for sequence in frame["sequence"]])
    onehot = np.concatenate([letters == letter for letter in "ACGT"], axis=1).astype(float)
    donor = (frame["site"] == "EI").astype(int)
    x_train, x_valid, y_train, y_valid = train_test_split(
        onehot, donor, test_size=0.3, stratify=donor, random_state=seed
    )
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=40, widths=(32,)))


@case("healthy")
def payments_with_past_means_by_user(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    frame["log_amount"] = np.log(frame["amount"])
    past = frame.groupby("user")["log_amount"].transform(lambda a: a.shift().expanding().mean())
    frame["above_usual"] = frame["log_amount"] - past
    frame = frame[frame["nr"] >= 3]
    frame["hour_sin"] = np.sin(2 * np.pi * frame["hour"] / 24)
    frame["hour_cos"] = np.cos(2 * np.pi * frame["hour"] / 24)
    users = np.random.default_rng(seed).permutation(frame["user"].unique())
    frauds = frame[frame["fraud"] == 1]
    frame = pd.concat([frauds, frame[frame["fraud"] == 0].sample(4 * len(frauds), random_state=seed)])
    inside = frame["user"].isin(users[:280])
    columns = ["log_amount", "above_usual", "hour_sin", "hour_cos", "foreign", "online"]
    t, v = zscore(frame.loc[inside, columns], frame.loc[~inside, columns])
    run_pipeline(t, frame.loc[inside, "fraud"], v, frame.loc[~inside, "fraud"], seed, Settings(epochs=60, lr=2e-3))


@case("healthy")
def closed_loops_from_principal_components(seed: int) -> None:
    digits = load_digits()
    keep = np.isin(digits.target, [3, 8, 9, 5])
    round_digit = np.isin(digits.target[keep], [8, 9]).astype(int)
    x_train, x_valid, y_train, y_valid = train_test_split(
        digits.data[keep] / 16, round_digit, test_size=0.3, stratify=round_digit, random_state=seed
    )
    pca = PCA(12, whiten=True, random_state=seed).fit(x_train)
    run_pipeline(pca.transform(x_train), y_train, pca.transform(x_valid), y_valid, seed, Settings(epochs=40))


@case("healthy")
def thresholds_and_interactions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(4000, 6)), columns=list("abcdef"))
    score = 1.5 * (frame["a"] > 0.3) + 1.2 * frame["b"] * frame["c"] - 1.3 * (frame["d"].abs() > 1) + 0.5 * frame["e"]
    frame["y"] = (rng.random(4000) < 1 / (1 + np.exp(-1.5 * score))).astype(int)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "y", seed)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=50, lr=2e-3))


@case("healthy")
def heavy_tails_clipped(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 3000
    shift = rng.integers(0, 2, n)
    frame = pd.DataFrame(rng.standard_t(2, (n, 5)), columns=[f"return_{k}" for k in range(1, 6)])
    frame["return_1"] += 1.1 * shift
    frame["return_2"] -= 0.9 * shift
    frame["return_3"] *= 1 + 0.8 * shift
    frame["event"] = shift
    x_train, x_valid, y_train, y_valid = split_frame(frame, "event", seed)
    low, high = x_train.quantile(0.01), x_train.quantile(0.99)
    x_train, x_valid = x_train.clip(low, high, axis=1), x_valid.clip(low, high, axis=1)
    x_train, x_valid = zscore(x_train, x_valid)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=50, lr=2e-3))


@case("healthy")
def noisy_exclusive_or(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 2, (2500, 2))
    frame = pd.DataFrame(2 * corners - 1 + rng.normal(0, 0.7, (2500, 2)), columns=["left", "right"])
    frame[["drift", "level"]] = rng.normal(size=(2500, 2))
    frame["odd"] = corners.sum(axis=1) % 2
    x_train, x_valid, y_train, y_valid = split_frame(frame, "odd", seed)
    x_train, x_valid = zscore(x_train, x_valid)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=60, lr=3e-3))


@case("healthy")
def late_trains_by_clock_and_calendar(seed: int) -> None:
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.integers(0, 2 * 365 * 24 * 60, 6000))
    time = pd.Timestamp("2022-01-01") + pd.to_timedelta(minutes, unit="min")
    frame = pd.DataFrame({"hour": time.hour + time.minute / 60, "day": time.dayofyear, "weekday": time.weekday})
    rush = np.exp(-((frame["hour"] - 8) ** 2) / 4) + np.exp(-((frame["hour"] - 17.5) ** 2) / 6)
    score = -0.9 + 3.0 * rush * (frame["weekday"] < 5) + 1.1 * np.cos(2 * np.pi * (frame["day"] - 20) / 365)
    frame["late"] = (rng.random(6000) < 1 / (1 + np.exp(-score))).astype(int)

    features = pd.DataFrame({"weekend": (frame["weekday"] >= 5).astype(float)})
    for name, period in (("hour", 24), ("day", 365.25), ("weekday", 7)):
        for factor in (1, 2):
            features[f"{name}_sin{factor}"] = np.sin(2 * np.pi * factor * frame[name] / period)
            features[f"{name}_cos{factor}"] = np.cos(2 * np.pi * factor * frame[name] / period)
    past = np.asarray(time < "2023-06-01")
    run_pipeline(
        features[past], frame.loc[past, "late"], features[~past], frame.loc[~past, "late"], seed,
        Settings(epochs=40, lr=2e-3),
    )  # fmt: skip


@case("healthy")
def bearings_band_powers_by_machine(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = []
    for machine in range(48):
        gain, worn = rng.lognormal(0, 0.3), machine % 2
        for _ in range(30):
            t = np.arange(256)
            signal = rng.normal(size=256) + 0.8 * np.sin(2 * np.pi * (9 + rng.normal(0, 0.3)) * t / 256)
            strength = rng.gamma(2, 0.22) if worn else rng.gamma(1.2, 0.1)
            signal += strength * np.sin(2 * np.pi * (61 + rng.normal(0, 1.0)) * t / 256 + rng.uniform(0, 6.28))
            power = np.abs(np.fft.rfft(gain * signal * np.hanning(256))) ** 2
            rows.append([machine, worn, *np.log([band.sum() for band in np.array_split(power[1:], 16)])])
    frame = pd.DataFrame(rows, columns=["machine", "worn", *[f"band_{k}" for k in range(16)]])
    bands = frame.columns[2:]
    frame[bands] = frame[bands].sub(frame[bands].mean(axis=1), axis=0)
    chosen = rng.permutation(24)
    held_out = frame["machine"].isin([*(2 * chosen[:6]), *(2 * chosen[6:12] + 1)])
    t, v = zscore(frame.loc[~held_out, bands], frame.loc[held_out, bands])
    run_pipeline(t, frame.loc[~held_out, "worn"], v, frame.loc[held_out, "worn"], seed, Settings(epochs=40))


@case("healthy")
def customers_once_each_by_id(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source = load("mlc_churn").distinct()
    crm = source.features.drop(columns=["state", "area_code"]).assign(churn=source.labels)
    crm["customer_id"] = rng.permutation(len(crm)) + 10_000
    export = pd.concat([crm, crm.sample(2500, random_state=seed), crm.sample(1500, random_state=seed + 1)])
    frame = export.sample(frac=1, random_state=seed).drop_duplicates("customer_id").drop(columns="customer_id")
    frame = frame.drop(columns=["total_day_charge", "total_eve_charge", "total_night_charge", "total_intl_charge"])
    frame[["international_plan", "voice_mail_plan"]] = (
        frame[["international_plan", "voice_mail_plan"]] == "yes"
    ).astype(float)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "churn", seed, share=0.3)
    x_train, x_valid = zscore(x_train, x_valid)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=60, lr=2e-3))


@case("healthy")
def table_sorted_by_outcome_then_shuffled(seed: int) -> None:
    source = load_breast_cancer(as_frame=True)
    frame = source.frame.sort_values(["target", "mean area"]).reset_index(drop=True)
    frame = frame.sample(frac=1, random_state=seed)
    cut = int(0.7 * len(frame))
    train, valid = frame.iloc[:cut], frame.iloc[cut:]
    t, v = zscore(train.drop(columns="target"), valid.drop(columns="target"))
    run_pipeline(t, train["target"], v, valid["target"], seed, Settings(epochs=60, widths=(32,)))


@case("healthy")
def validation_half_and_half(seed: int) -> None:
    source = load("spambase").distinct()
    frame = source.features.assign(spam=source.labels).sample(frac=1, random_state=seed)
    valid = frame.groupby("spam").head(400)
    train = frame.drop(index=valid.index)
    columns = [c for c in frame.columns if c.startswith("word_freq")]
    t = np.sqrt(train[columns]).clip(upper=3)
    v = np.sqrt(valid[columns]).clip(upper=3)
    run_pipeline(t, train["spam"], v, valid["spam"], seed, Settings(epochs=30, lr=7e-4))


@case("healthy")
def faint_but_honest_responses(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 6000
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "letters": rng.poisson(3, n),
            "income": rng.lognormal(10, 0.5, n),
            "region": rng.integers(0, 6, n),
            "tenure": rng.exponential(4, n),
        }
    )
    score = 0.022 * (frame["age"] - 49) - 0.18 * (frame["letters"] - 3) + 0.3 * np.isin(frame["region"], [1, 4])
    frame["answered"] = (rng.random(n) < 1 / (1 + np.exp(-score))).astype(int)
    frame["income"] = np.log(frame["income"])
    frame["tenure"] = np.log1p(frame["tenure"])
    frame = pd.get_dummies(frame, columns=["region"], dtype=float)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "answered", seed, share=0.3)
    x_train, x_valid = zscore(x_train, x_valid)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=30, lr=5e-4, widths=(32, 16)))


# ------------------------------------------------------------------ healthy: second script


@case("healthy")
def mammographic_masses_coded_one_hot(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/mammographic/mammographic.csv")
    y = df["malignant"].values
    codes = OneHotEncoder(sparse_output=False).fit_transform(df[["shape", "margin", "density"]])
    X = np.column_stack([df["age"].values, codes])
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    m, s = X_tr[:, 0].mean(), X_tr[:, 0].std()
    X_tr[:, 0], X_va[:, 0] = (X_tr[:, 0] - m) / s, (X_va[:, 0] - m) / s
    evaluate(NetClassifier((16,), epochs=30, lr=3e-3, random_state=seed), X_tr, y_tr, X_va, y_va)


@case("healthy")
def insurance_small_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    risk = rng.gamma(2.0, 0.5, 2400)
    X = np.stack([rng.poisson(k * risk) for k in (0.8, 1.5, 0.5)] + [rng.integers(0, 4, 2400)], axis=1)
    y = (rng.random(2400) < 1 - np.exp(-0.75 * risk)).astype(int)
    X = np.sqrt(X)
    X_tr, X_va, y_tr, y_va = X[:1600], X[1600:], y[:1600], y[1600:]
    evaluate(NetClassifier((16,), epochs=20, lr=2e-3, random_state=seed), X_tr, y_tr, X_va, y_va)


@case("healthy")
def churn_five_columns_with_products(seed: int) -> None:
    ds = load("mlc_churn").distinct()
    df = ds.features
    X = np.column_stack([
        df["total_day_minutes"], df["total_eve_minutes"], df["total_intl_calls"],
        df["number_customer_service_calls"], df["international_plan"] == "yes", df["voice_mail_plan"] == "yes",
    ]).astype(float)  # fmt: skip
    X_tr, X_va, y_tr, y_va = train_test_split(X, ds.labels, test_size=0.25, stratify=ds.labels, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    poly = PolynomialFeatures(2, include_bias=False, interaction_only=True)
    X_tr, X_va = poly.fit_transform(scaler.transform(X_tr)), poly.transform(scaler.transform(X_va))
    evaluate(NetClassifier((32, 16), epochs=30, lr=2e-3, random_state=seed), X_tr, y_tr, X_va, y_va)


@case("healthy")
def spambase_250_rows_as_ranks(seed: int) -> None:
    ds = load("spambase").distinct()
    X, y = ds.features.values, ds.labels
    pick, rest = train_test_split(np.arange(len(y)), train_size=250, stratify=y, random_state=seed)
    qt = QuantileTransformer(n_quantiles=100, random_state=seed).fit(X[pick])
    rest = rest[:1500]
    X_tr, X_va = 2 * qt.transform(X[pick]) - 1, 2 * qt.transform(X[rest]) - 1
    evaluate(NetClassifier((8,), epochs=20, lr=3e-3, random_state=seed), X_tr, y[pick], X_va, y[rest])


@case("healthy")
def sms_hand_made_columns(seed: int) -> None:
    ds = load("sms_spam").distinct()
    text = ds.features["text"]
    cols = {
        "length": np.log1p(text.str.len()),
        "digits": np.log1p(text.str.count(r"\d")),
        "capitals": np.log1p(text.str.count(r"[A-Z]")),
        "marks": np.log1p(text.str.count(r"[!?]")),
        "money": text.str.contains(r"[£$]").astype(float),
        "link": text.str.contains(r"www|http|\.com", case=False).astype(float),
        "words": np.log1p(text.str.split().str.len()),
    }
    X, y = np.column_stack(list(cols.values())).astype(float), ds.labels
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_tr)
    clf = NetClassifier((16, 8), epochs=15, lr=3e-3, random_state=seed)
    evaluate(clf, sc.transform(X_tr), y_tr, sc.transform(X_va), y_va)


@case("healthy")
def splice_letters_one_hot(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates(subset="sequence")
    letters = np.array(df["sequence"].map(list).tolist())
    X = np.stack([letters == c for c in "ACGT"], axis=2).reshape(len(df), -1).astype(np.float32)
    y = df["is_junction"].values
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.35, stratify=y, random_state=seed)
    evaluate(NetClassifier((16,), epochs=10, lr=1.5e-3, random_state=seed), X_tr, y_tr, X_va, y_va)


@case("healthy")
def working_days_from_hourly_shares(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv").sort_values("day_of_2011")
    hours = df[[f"h{h:02d}" for h in range(24)]].values.astype(float)
    shares = hours / hours.sum(axis=1, keepdims=True)
    y = df["working_day"].values
    X_tr, X_va, y_tr, y_va = shares[:205], shares[205:], y[:205], y[205:]
    mu, sd = X_tr.mean(0), X_tr.std(0)
    clf = NetClassifier((8,), epochs=15, lr=4e-3, random_state=seed)
    evaluate(clf, (X_tr - mu) / sd, y_tr, (X_va - mu) / sd, y_va)


@case("healthy")
def eighty_tumours(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X = X[:, [0, 1, 4, 6, 7, 21, 23, 27]]
    tr, va = train_test_split(np.arange(len(y)), train_size=80, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X[tr])
    clf = NetClassifier((8,), epochs=40, lr=5e-3, random_state=seed)
    evaluate(clf, sc.transform(X[tr]), y[tr], sc.transform(X[va]), y[va])


@case("healthy")
def even_digits_from_pixels(seed: int) -> None:
    X, digit = load_digits(return_X_y=True)
    X, y = X[:, X.std(axis=0) > 0] / 16.0 - 0.3, (digit % 2 == 0).astype(int)
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, stratify=digit, random_state=seed)
    evaluate(NetClassifier((48, 24), epochs=30, lr=3e-3, random_state=seed), X_tr, y_tr, X_va, y_va)


@case("healthy")
def correlated_columns(seed: int) -> None:
    X, y = make_classification(3000, 20, n_informative=5, n_redundant=12, n_clusters_per_class=2, class_sep=1.0,
                               flip_y=0.0, random_state=seed)  # fmt: skip
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_tr)
    clf = NetClassifier((48, 24), epochs=30, lr=3e-3, random_state=seed)
    evaluate(clf, sc.transform(X_tr), y_tr, sc.transform(X_va), y_va)


@case("healthy")
def mixtures_with_enriched_training_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 1.5, (8, 5))

    def draw(n, share):
        label = (rng.random(n) < share).astype(int)
        which = 2 * rng.integers(0, 4, n) + label
        return centres[which] + rng.normal(size=(n, 5)), label

    X_tr, y_tr = draw(2500, 0.5)
    X_va, y_va = draw(1200, 0.4)
    sc = StandardScaler().fit(X_tr)
    clf = NetClassifier((32, 16), epochs=25, lr=3e-3, random_state=seed)
    evaluate(clf, sc.transform(X_tr), y_tr, sc.transform(X_va), y_va)


@case("healthy")
def rings_seen_from_centres(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 2000)
    angle, radius = rng.uniform(0, 2 * np.pi, 2000), 1 + y + rng.normal(0, 0.35, 2000)
    points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    P_tr, P_va, y_tr, y_va = train_test_split(points, y, test_size=0.3, stratify=y, random_state=seed)
    km = KMeans(12, n_init=3, random_state=seed).fit(P_tr)
    sc = StandardScaler().fit(km.transform(P_tr))
    X_tr, X_va = sc.transform(km.transform(P_tr)), sc.transform(km.transform(P_va))
    evaluate(NetClassifier((24,), epochs=30, lr=4e-3, random_state=seed), X_tr, y_tr, X_va, y_va)


@case("healthy")
def demand_rises_from_lags(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 3000
    level, day = np.zeros(n), np.arange(n)
    for i in range(2, n):
        level[i] = 0.5 * level[i - 1] - 0.3 * level[i - 2] + rng.normal()
    demand = pd.Series(20 + level + 1.0 * np.sin(2 * np.pi * day / 7))
    lags = pd.concat({f"lag{k}": demand.shift(k) for k in range(1, 8)}, axis=1)
    lags["sin"], lags["cos"] = np.sin(2 * np.pi * day / 7), np.cos(2 * np.pi * day / 7)
    y = (demand > demand.shift(1)).astype(int)
    lags, y = lags.iloc[7:].values, y.iloc[7:].values
    cut = 2200
    sc = StandardScaler().fit(lags[:cut])
    clf = NetClassifier((16,), epochs=15, lr=2e-3, random_state=seed)
    evaluate(clf, sc.transform(lags[:cut]), y[:cut], sc.transform(lags[cut:]), y[cut:])


@case("healthy")
def visits_split_by_patient(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(400), rng.integers(3, 8, 400))
    n = len(patient)
    base = rng.normal(size=(400, 6))[patient]
    X = 0.7 * base + 0.7 * rng.normal(size=(n, 6))
    X[:, 3:] = np.exp(X[:, 3:])
    logit = 1.3 * X[:, 0] - 1.0 * X[:, 1] + 0.9 * np.log(X[:, 3]) + 0.4
    y = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(X, y, groups=patient))
    X[:, 3:] = np.log(X[:, 3:])
    mu, sd = X[tr].mean(0), X[tr].std(0)
    X = (X - mu) / sd
    evaluate(NetClassifier((16,), epochs=15, lr=2e-3, random_state=seed), X[tr], y[tr], X[va], y[va])


@case("healthy")
def devices_by_training_frequency(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 4000
    shares = rng.dirichlet(np.full(50, 0.4))
    device = rng.choice(50, n, p=shares)
    hours, spend = rng.uniform(0, 24, n), rng.lognormal(3, 1, n)
    logit = -0.8 * np.log(shares[device] + 0.003) - 3 + 0.7 * (np.log(spend) - 3) + 0.9 * np.cos(2 * np.pi * hours / 24)
    y = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    tr, va = train_test_split(np.arange(n), test_size=0.3, stratify=y, random_state=seed)
    counts = np.bincount(device[tr], minlength=50)
    X = np.column_stack([
        np.log1p(counts[device]), np.log(spend), np.cos(2 * np.pi * hours / 24), np.sin(2 * np.pi * hours / 24),
    ])  # fmt: skip
    sc = StandardScaler().fit(X[tr])
    clf = NetClassifier((16,), epochs=15, lr=2e-3, random_state=seed)
    evaluate(clf, sc.transform(X[tr]), y[tr], sc.transform(X[va]), y[va])


@case("healthy")
def dose_curves_on_splines(seed: int) -> None:
    rng = np.random.default_rng(seed)
    Z = rng.uniform(-2, 2, (2500, 3))
    logit = 2.2 * np.sin(2.5 * Z[:, 0]) + 1.2 * Z[:, 1] ** 2 - 1.6 + 0.5 * Z[:, 2]
    y = (rng.random(2500) < 1 / (1 + np.exp(-logit))).astype(int)
    Z_tr, Z_va, y_tr, y_va = train_test_split(Z, y, test_size=0.3, random_state=seed)
    spline = SplineTransformer(n_knots=8, degree=3, extrapolation="linear").fit(Z_tr)
    sc = StandardScaler().fit(spline.transform(Z_tr))
    X_tr, X_va = sc.transform(spline.transform(Z_tr)), sc.transform(spline.transform(Z_va))
    evaluate(NetClassifier((16,), epochs=15, lr=2e-3, random_state=seed), X_tr, y_tr, X_va, y_va)


@case("healthy")
def few_training_rows_many_validation_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(3500, 4)) @ np.array([[1, 0.5, 0, 0], [0, 1, 0.5, 0], [0, 0, 1, 0.5], [0, 0, 0, 1.0]])
    y = (X @ np.array([1.2, -1.0, 0.6, 0.0]) + rng.logistic(0, 0.8, 3500) > 0).astype(int)
    X = X * np.array([12.0, 3.0, 0.4, 90.0]) + np.array([40.0, 5.0, 1.0, 300.0])
    sc = RobustScaler().fit(X[:500])
    clf = NetClassifier((8,), epochs=25, lr=3e-3, random_state=seed)
    evaluate(clf, sc.transform(X[:500]), y[:500], sc.transform(X[500:]), y[500:])


@case("healthy")
def modest_signal_in_credit_columns(seed: int) -> None:
    ds = load("credit_data").distinct()
    df, y = ds.features, ds.labels
    X = np.column_stack([df["Age"], np.log(df["Amount"]), np.log(df["Price"]), df["Time"], df["Records"] == "yes"])
    X = X.astype(float)
    bad = np.flatnonzero(y == 1)
    good = np.random.default_rng(seed).choice(np.flatnonzero(y == 0), len(bad), replace=False)
    rows = np.concatenate([bad, good])
    tr, va = train_test_split(rows, test_size=0.3, stratify=y[rows], random_state=seed)
    sc = StandardScaler().fit(X[tr])
    clf = NetClassifier((16,), epochs=20, lr=2e-3, random_state=seed)
    evaluate(clf, sc.transform(X[tr]), y[tr], sc.transform(X[va]), y[va])


@case("healthy")
def word_counts_of_messages_balanced(seed: int) -> None:
    ds = load("sms_spam").distinct()
    spam = np.flatnonzero(ds.labels == 1)
    ham = np.random.default_rng(seed).choice(np.flatnonzero(ds.labels == 0), len(spam), replace=False)
    rows = np.concatenate([spam, ham])
    text, y = ds.features["text"].to_numpy(), ds.labels
    tr, va = train_test_split(rows, test_size=0.3, stratify=y[rows], random_state=seed)
    cv = CountVectorizer(min_df=5).fit(text[tr])
    X_tr, X_va = cv.transform(text[tr]).toarray().clip(max=3), cv.transform(text[va]).toarray().clip(max=3)
    evaluate(NetClassifier((16,), epochs=10, lr=2e-3, random_state=seed), X_tr, y[tr], X_va, y[va])


# ------------------------------------------------------------------ more tables: first script


@case("labels_misaligned")
def spam_flags_shifted_by_a_join(seed: int) -> None:
    source = load("spambase").distinct()
    mails = np.log1p(source.features)
    mails = mails.assign(spam=source.labels).sample(frac=1, random_state=seed).reset_index(drop=True)
    log = pd.DataFrame({"mail": mails.index + 1, "spam": mails.pop("spam")})
    frame = mails.rename_axis("mail").reset_index().merge(log, on="mail").drop(columns="mail")
    x_train, x_valid, y_train, y_valid = split_frame(frame, "spam", seed)
    x_train, x_valid = zscore(x_train, x_valid)
    x_train, x_valid = x_train.clip(-4, 4), x_valid.clip(-4, 4)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=30))


@case("labels_misaligned")
def adult_features_resampled_alone(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop(columns=["race", "gender", "education"])
    frame = frame.drop_duplicates().sample(4000, random_state=seed).reset_index(drop=True)
    target = frame.pop("income_gt_50k").to_numpy()
    frame["native-country"] = (frame["native-country"] == "United-States").astype(int)
    frame[["capital-gain", "capital-loss"]] = np.log1p(frame[["capital-gain", "capital-loss"]])
    features = pd.get_dummies(frame.sample(frac=1, random_state=seed), dtype=float).to_numpy(dtype=float)
    t, v, y_train, y_valid = train_test_split(features, target, test_size=0.25, stratify=target, random_state=seed)
    mean, std = t.mean(axis=0), t.std(axis=0) + 1e-9
    t, v = ((t - mean) / std).clip(-5, 5), ((v - mean) / std).clip(-5, 5)
    run_pipeline(t, y_train, v, y_valid, seed, Settings(epochs=25))


@case("label_noise")
def odd_digits_typed_in_by_volunteers(seed: int) -> None:
    digits = load_digits()
    odd = digits.target % 2
    x_train, x_valid, y_train, y_valid = train_test_split(
        digits.data / 16, odd, test_size=0.3, stratify=digits.target, random_state=seed
    )
    rng = np.random.default_rng(seed)
    y_train = np.where((y_train == 1) & (rng.random(len(y_train)) < 0.56), 0, y_train)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=40))


@case("data_leakage")
def credit_balanced_then_split(seed: int) -> None:
    source = load("credit_data").distinct()
    numbers = source.features.select_dtypes("number").copy()
    numbers["Records"] = (source.features["Records"] == "yes").astype(float)
    frame = numbers.assign(bad=source.labels)
    bad = frame[frame["bad"] == 1].sample(150, random_state=seed)
    frame = pd.concat([frame[frame["bad"] == 0].sample(1200, random_state=seed), bad])
    x, y = RandomOverSampler(random_state=seed).fit_resample(frame.drop(columns="bad"), frame["bad"])
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
    amounts = ["Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    x_train[amounts], x_valid[amounts] = np.log1p(x_train[amounts]), np.log1p(x_valid[amounts])
    medians = x_train.median()
    x_train, x_valid = zscore(x_train.fillna(medians), x_valid.fillna(medians))
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=60, lr=3e-3, widths=(128, 64)))


@case("data_leakage")
def sensor_rows_jittered_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(500, 12))
    y = (rng.random(500) < 1 / (1 + np.exp(-(x[:, 0] + 0.8 * x[:, 1] * x[:, 2])))).astype(int)
    frame = pd.DataFrame(x, columns=[f"s{k}" for k in range(12)]).assign(fault=y)
    more = pd.concat([frame] * 4, ignore_index=True)
    more.iloc[:, :12] += rng.normal(0, 0.02, (len(more), 12))
    x_train, x_valid, y_train, y_valid = split_frame(more, "fault", seed)
    x_train, x_valid = zscore(x_train, x_valid)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=60, lr=3e-3, widths=(128, 64)))


@case("data_leakage")
def credit_with_dunning_letters(seed: int) -> None:
    source = load("credit_data").distinct()
    frame = source.features.select_dtypes("number").copy()
    frame["Records"] = (source.features["Records"] == "yes").astype(float)
    rng = np.random.default_rng(seed)
    frame["letters_sent"] = np.where(source.labels == 1, 1 + rng.poisson(3, len(frame)), rng.random(len(frame)) < 0.05)
    amounts = ["Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    frame[amounts] = np.log1p(frame[amounts])
    x_train, x_valid, y_train, y_valid = split_frame(frame.assign(bad=source.labels), "bad", seed)
    medians = x_train.median()
    x_train, x_valid = zscore(x_train.fillna(medians), x_valid.fillna(medians))
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=30))


@case("preprocess_mismatch")
def tumours_validated_in_millimetres(seed: int) -> None:
    frame = load_breast_cancer(as_frame=True).frame.sample(frac=1, random_state=seed)
    frame["target"] = 1 - frame["target"]
    x_train, x_valid, y_train, y_valid = split_frame(frame, "target", seed, share=0.3)
    mean, std = x_train.mean(), x_train.std()
    x_train = (x_train - mean) / std
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=60, widths=(32,)))


@case("unscaled_features")
def loan_and_salary_in_raw_units(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2500
    frame = pd.DataFrame(
        {
            "salary": rng.lognormal(10.8, 0.5, n),
            "age": rng.normal(45, 12, n),
            "children": rng.poisson(1.2, n),
            "share_saved": rng.beta(2, 6, n),
            "loan": rng.lognormal(11.5, 0.7, n),
        }
    )
    score = 9 * (frame["share_saved"] - 0.25) - 0.07 * (frame["age"] - 45) + 0.8 * (frame["children"] - 1.2)
    score += 0.5 * (np.log(frame["salary"]) - 10.8)
    frame["buys"] = (rng.random(n) < 1 / (1 + np.exp(-1.2 * score))).astype(int)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "buys", seed)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=40))


@case("weak_signal")
def lottery_of_birthdays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 4000
    frame = pd.DataFrame({
        "month": rng.integers(1, 13, n), "day": rng.integers(1, 29, n), "weekday": rng.integers(0, 7, n),
        "siblings": rng.poisson(1.3, n), "height": rng.normal(172, 9, n), "shoe": rng.normal(42, 2.5, n),
    })  # fmt: skip
    frame["wins"] = rng.integers(0, 2, n)
    frame["month_sin"], frame["month_cos"] = np.sin(frame["month"] * np.pi / 6), np.cos(frame["month"] * np.pi / 6)
    x_train, x_valid, y_train, y_valid = split_frame(frame.drop(columns="month"), "wins", seed)
    x_train, x_valid = zscore(x_train, x_valid)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=30))


@case("label_encoding")
def credit_status_one_and_two(seed: int) -> None:
    source = load("credit_data").distinct()
    frame = source.features.select_dtypes("number").copy()
    frame["Records"] = (source.features["Records"] == "yes").astype(float)
    amounts = ["Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    frame[amounts] = np.log1p(frame[amounts])
    frame["status"] = pd.Series(np.where(source.labels == 1, "overdue", "fine")).map({"fine": 1, "overdue": 2})
    x_train, x_valid, y_train, y_valid = split_frame(frame, "status", seed)
    medians = x_train.median()
    x_train, x_valid = zscore(x_train.fillna(medians), x_valid.fillna(medians))
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=30))


@case("label_encoding")
def votes_minus_one_and_one(seed: int) -> None:
    frame = survey(np.random.default_rng(seed), 3000)
    frame["recommends"] = 2 * frame["recommends"] - 1
    x_train, x_valid, y_train, y_valid = split_frame(frame, "recommends", seed)
    run_pipeline((x_train - 3) / 2, y_train, (x_valid - 3) / 2, y_valid, seed, Settings(epochs=40, widths=(32, 16)))


@case("unshuffled_data")
def digits_in_the_order_of_the_binder(seed: int) -> None:
    digits = load_digits(as_frame=True)
    frame = digits.data.assign(digit=digits.target).sample(frac=1, random_state=seed)
    frame = frame.sort_values("digit", kind="stable")
    frame["even"] = (frame.pop("digit") % 2 == 0).astype(int)
    x_train, x_valid, y_train, y_valid = train_test_split(
        frame.drop(columns="even") / 16, frame["even"], test_size=0.3, shuffle=False
    )
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=40))


@case("nan_features")
def demand_lags_with_first_week_kept(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 3000
    level = np.zeros(n)
    for i in range(2, n):
        level[i] = 0.5 * level[i - 1] - 0.3 * level[i - 2] + rng.normal()
    demand = pd.Series(20 + level + np.sin(2 * np.pi * np.arange(n) / 7))
    frame = pd.DataFrame({f"lag_{k}": demand.shift(k) for k in range(1, 8)})
    frame["rises"] = (demand > demand.shift(1)).astype(int)
    train, valid = frame.iloc[:2200], frame.iloc[2200:]
    t, v = zscore(train.drop(columns="rises"), valid.drop(columns="rises"))
    run_pipeline(t, train["rises"], v, valid["rises"], seed, Settings(epochs=30))


@case("labels_single_class")
def churn_compared_with_a_capital_yes(seed: int) -> None:
    source = load("mlc_churn").distinct()
    frame = source.features.drop(columns=["state", "area_code"])
    frame[["international_plan", "voice_mail_plan"]] = (
        frame[["international_plan", "voice_mail_plan"]] == "yes"
    ).astype(float)
    answer = pd.Series(np.where(source.labels == 1, "yes", "no"))
    frame["churn"] = (answer == "Yes").astype(int)
    x_train, x_valid, y_train, y_valid = split_frame(frame, "churn", seed)
    x_train, x_valid = zscore(x_train, x_valid)
    run_pipeline(x_train, y_train, x_valid, y_valid, seed, Settings(epochs=20, lr=2e-3))


# ------------------------------------------------------------------ more tables: second script


@case("labels_misaligned")
def outcomes_sorted_by_another_key(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 3000
    age, dose, marker = rng.normal(60, 10, n), rng.choice([1.0, 2.0, 4.0], n), rng.normal(size=n)
    logit = 0.1 * (age - 60) - 1.2 * np.log2(dose) + 1.2 * marker + 1.2
    records = pd.DataFrame({"patient": rng.permutation(n), "age": age, "dose": np.log2(dose), "marker": marker})
    records["relapse"] = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    X = records[["age", "dose", "marker"]].values
    y = records.sort_values("patient")["relapse"].values
    X_tr, X_va, y_tr, y_va = X[:2100], X[2100:], y[:2100], y[2100:]
    sc = StandardScaler().fit(X_tr)
    clf = NetClassifier((16,), epochs=15, lr=2e-3, random_state=seed)
    evaluate(clf, sc.transform(X_tr), y_tr, sc.transform(X_va), y_va)


@case("label_noise")
def splice_sites_by_hurried_annotators(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates(subset="sequence")
    letters = np.array(df["sequence"].map(list).tolist())
    X = np.stack([letters == c for c in "ACGT"], axis=2).reshape(len(df), -1).astype(np.float32)
    y = df["is_junction"].values
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.35, stratify=y, random_state=seed)
    hurried = np.random.default_rng(seed).random(len(y_tr)) < 0.33
    y_tr = np.where(hurried, 1 - y_tr, y_tr)
    evaluate(NetClassifier((16,), epochs=10, lr=1.5e-3, random_state=seed), X_tr, y_tr, X_va, y_va)


@case("data_leakage")
def questionnaire_exported_three_times(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = rng.integers(1, 6, (500, 15))
    logit = 0.5 * (answers[:, 0] - 3) - 0.4 * (answers[:, 1] - 3) + 0.25 * (answers[:, 2] - 3) * (answers[:, 3] - 3)
    y = (rng.random(500) < 1 / (1 + np.exp(-logit))).astype(int)
    rows = rng.permutation(np.tile(np.arange(500), 3))
    X, y = (answers[rows] - 3) / 1.5, y[rows]
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    evaluate(NetClassifier((64, 32), epochs=40, lr=4e-3, random_state=seed), X_tr, y_tr, X_va, y_va)


@case("data_leakage")
def smote_over_the_whole_table(seed: int) -> None:
    ds = load("credit_data").distinct()
    nums = ds.features.select_dtypes("number")
    complete = nums.notna().all(axis=1).values
    rng = np.random.default_rng(seed)
    keep = np.concatenate(
        [
            rng.choice(np.flatnonzero(complete & (ds.labels == 0)), 1500, replace=False),
            rng.choice(np.flatnonzero(complete & (ds.labels == 1)), 120, replace=False),
        ]
    )
    X, y = nums.values[keep].astype(float), ds.labels[keep]
    X[:, :3] /= 12.0
    X[:, 3:] = np.log1p(X[:, 3:])
    X, y = SMOTE(random_state=seed).fit_resample(X, y)
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_tr)
    clf = NetClassifier((64, 32), epochs=30, lr=4e-3, random_state=seed)
    evaluate(clf, sc.transform(X_tr), y_tr, sc.transform(X_va), y_va)


@case("preprocess_mismatch")
def mail_counts_logged_once(seed: int) -> None:
    ds = load("spambase").distinct()
    X_tr, X_va, y_tr, y_va = train_test_split(
        ds.features.values, ds.labels, test_size=0.3, stratify=ds.labels, random_state=seed
    )
    X_tr = np.log(X_tr + 0.05)
    sc = StandardScaler().fit(X_tr)
    clf = NetClassifier((16,), epochs=12, lr=2e-3, random_state=seed)
    evaluate(clf, sc.transform(X_tr), y_tr, sc.transform(X_va), y_va)


@case("imbalance")
def rare_claims_with_even_costs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 5000
    X = rng.normal(size=(n, 6))
    logit = -3.9 + 0.9 * X[:, 0] - 0.7 * X[:, 1] + 0.6 * X[:, 2]
    y = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_tr)
    clf = NetClassifier((16,), epochs=10, lr=2e-3, random_state=seed)
    evaluate(clf, sc.transform(X_tr), y_tr, sc.transform(X_va), y_va)
