"""Three training scripts, each run unchanged on many tables: some as they are, some after one accident."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from case import case
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- three people's scripts


def student(x_train, y_train, x_val, y_val, epochs=20, lr=1e-3, width=32, batch=64):
    X = torch.tensor(np.asarray(x_train), dtype=torch.float32)
    y = torch.tensor(np.asarray(y_train), dtype=torch.float32)
    X_val = torch.tensor(np.asarray(x_val), dtype=torch.float32)
    y_val = torch.tensor(np.asarray(y_val), dtype=torch.float32)

    model = nn.Sequential(
        nn.Linear(X.shape[1], width),
        nn.ReLU(),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Linear(width, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    history = []
    for epoch in range(epochs):
        model.train()
        perm = torch.randperm(len(X))
        total = 0.0
        for i in range(0, len(X), batch):
            idx = perm[i : i + batch]
            optimizer.zero_grad()
            loss = criterion(model(X[idx]).squeeze(1), y[idx])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)

        model.eval()
        with torch.no_grad():
            logits = model(X_val).squeeze(1)
            val_loss = criterion(logits, y_val).item()
            val_acc = ((logits > 0).float() == y_val).float().mean().item()
        history.append((total / len(X), val_loss))
        print(f"Epoch {epoch + 1}/{epochs}: loss {total / len(X):.4f}, val loss {val_loss:.4f}, val acc {val_acc:.4f}")
    return model, history


@dataclass
class Config:
    epochs: int = 15
    lr: float = 0.02
    width: int = 48
    dropout: float = 0.2
    batch_size: int = 64
    momentum: float = 0.9
    class_weights: tuple | None = None


class Trainer:
    def __init__(self, n_features, cfg):
        self.cfg = cfg
        self.net = nn.Sequential(
            nn.Linear(n_features, cfg.width),
            nn.BatchNorm1d(cfg.width),
            nn.ReLU(),
            nn.Dropout(cfg.dropout),
            nn.Linear(cfg.width, cfg.width // 2),
            nn.BatchNorm1d(cfg.width // 2),
            nn.ReLU(),
            nn.Linear(cfg.width // 2, 2),
        )
        weight = None if cfg.class_weights is None else torch.tensor(cfg.class_weights, dtype=torch.float32)
        self.loss_fn = nn.CrossEntropyLoss(weight=weight)
        self.opt = torch.optim.SGD(self.net.parameters(), lr=cfg.lr, momentum=cfg.momentum)
        self.history = []

    @staticmethod
    def dataset(x, y):
        return TensorDataset(torch.from_numpy(np.array(x, dtype=np.float32)), torch.from_numpy(np.array(y, np.int64)))

    def train_epoch(self, loader):
        self.net.train()
        losses = []
        for xb, yb in loader:
            loss = self.loss_fn(self.net(xb), yb)
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            losses.append(loss.item())
        return float(np.mean(losses))

    @torch.no_grad()
    def evaluate(self, loader):
        self.net.eval()
        logits = torch.cat([self.net(xb) for xb, _ in loader])
        target = torch.cat([yb for _, yb in loader])
        prob = torch.softmax(logits, dim=1)[:, 1].numpy()
        auc = roc_auc_score(target.numpy(), prob)
        bal = balanced_accuracy_score(target.numpy(), logits.argmax(dim=1).numpy())
        return self.loss_fn(logits, target).item(), auc, bal

    def fit(self, x_train, y_train, x_val, y_val):
        train = DataLoader(self.dataset(x_train, y_train), self.cfg.batch_size, shuffle=True, drop_last=True)
        valid = DataLoader(self.dataset(x_val, y_val), 512)
        for epoch in range(1, self.cfg.epochs + 1):
            train_loss = self.train_epoch(train)
            val_loss, auc, bal = self.evaluate(valid)
            self.history.append((train_loss, val_loss))
            print(f"[{epoch:03d}] train {train_loss:.4f} | valid {val_loss:.4f} | AUC {auc:.4f} | bal. acc. {bal:.4f}")
        return self


def train_classifier(x_train, y_train, x_val, y_val, **settings):
    trainer = Trainer(np.asarray(x_train).shape[1], Config(**settings)).fit(x_train, y_train, x_val, y_val)
    return trainer.net, trainer.history


def balanced(y):
    counts = np.bincount(np.asarray(y, dtype=int), minlength=2)
    return tuple(float(w) for w in len(y) / (2 * counts))


class ScoreNet(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = nn.Linear(inputs, hidden)
        self.middle = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        h = nn.functional.gelu(self.hidden(x))
        h = nn.functional.gelu(self.middle(h))
        return torch.sigmoid(self.out(h)).flatten()


def f1(truth, chosen):
    tp = float((truth * chosen).sum())
    return 2 * tp / max(float(truth.sum() + chosen.sum()), 1.0)


def average_precision(truth, score):
    ranked = truth[np.argsort(-score, kind="stable")]
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return float((precision * ranked).sum() / max(ranked.sum(), 1.0))


def fit_scores(x_train, y_train, x_val, y_val, epochs=20, rate=2e-3, hidden=32, batch=50):
    xt, yt, xv, yv = (torch.as_tensor(np.asarray(a, dtype=np.float32)) for a in (x_train, y_train, x_val, y_val))
    model = ScoreNet(xt.shape[1], hidden)
    bce = nn.BCELoss()
    optim = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optim, T_max=epochs)
    history = []
    for epoch in range(epochs):
        model.train()
        running = 0.0
        for xb, yb in zip(xt.split(batch), yt.split(batch), strict=False):
            optim.zero_grad()
            loss = bce(model(xb), yb)
            loss.backward()
            optim.step()
            running += loss.item() * len(xb)
        schedule.step()
        model.eval()
        with torch.no_grad():
            score = model(xv)
            val_loss = bce(score, yv).item()
        history.append((running / len(xt), val_loss))
        if epoch % 5 == 4 or epoch == epochs - 1:
            truth, prob = yv.numpy(), score.numpy()
            print(
                f"{epoch + 1:3d}  train {running / len(xt):.4f}  val {val_loss:.4f}  "
                f"F1 {f1(truth, (prob > 0.5).astype(np.float32)):.3f}  AP {average_precision(truth, prob):.3f}"
            )
    return model, history


# ---------------------------------------------------------------- preparation


def halves(x, y, seed, share=0.25):
    """Training rows, training labels, validation rows, validation labels."""
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=share, stratify=y, random_state=seed)
    return x_train, y_train, x_val, y_val


def zscore(train, valid):
    train, valid = np.asarray(train, dtype=float), np.asarray(valid, dtype=float)
    mean, std = train.mean(axis=0), train.std(axis=0)
    std[std == 0] = 1.0
    return (train - mean) / std, (valid - mean) / std


def columns_encoded(train, valid):
    """Numbers imputed and standardised, everything else one-hot; fitted on the training rows."""
    numbers = list(train.select_dtypes("number").columns)
    codes = [c for c in train.columns if c not in numbers]
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=10, sparse_output=False), codes),
    )
    return prepare.fit_transform(train), prepare.transform(valid)


def ready(table, labels, seed, share=0.25):
    x_train, y_train, x_val, y_val = halves(table, labels, seed, share)
    x_train, x_val = columns_encoded(x_train, x_val)
    return x_train, y_train, x_val, y_val


# ---------------------------------------------------------------- tables


def adult(seed, rows=6000):
    table = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz")
    table = table.drop(columns=["education", "race", "gender", "native-country"])
    table[["capital-gain", "capital-loss"]] = np.log1p(table[["capital-gain", "capital-loss"]])
    columns = [c for c in table if c != "income_gt_50k"]
    table = table.drop_duplicates(columns).sample(rows, random_state=seed).reset_index(drop=True)
    return table[columns], table["income_gt_50k"].to_numpy()


def bikes():
    table = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    return table.filter(regex="^h"), table["working_day"].to_numpy()


def masses():
    table = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv").query("birads <= 6").drop_duplicates()
    table = table.astype({"shape": str, "margin": str})
    return table.drop(columns="malignant"), table["malignant"].to_numpy()


def mushrooms():
    return pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").drop(columns="veil-type")


def dna():
    table = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    codes = np.array([list(s) for s in table["sequence"]])
    onehot = np.stack([codes == letter for letter in "ACGT"], axis=2).astype(float)
    return onehot.reshape(len(table), -1), table


def first_names(seed, rows=3000):
    table = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    table = table.sort_values("percent", ascending=False).drop_duplicates("name").sample(rows, random_state=seed)
    return table["name"].str.lower().tolist(), (table["list"] == "F").to_numpy().astype(int)


def payments(seed, users=200):
    """Amounts set against the user's past; one table row per payment from the fourth on."""
    table = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    past = table.groupby("user")["amount"].transform(lambda a: a.shift().expanding().mean())
    table["log_amount"], table["log_ratio"] = np.log(table["amount"]), np.log(table["amount"] / past)
    table["night"] = ((table["hour"] < 6) | (table["hour"] > 22)).astype(int)
    chosen = np.random.default_rng(seed).permutation(400)[:users]
    return table[table["user"].isin(chosen) & (table["nr"] >= 3)].reset_index(drop=True)


def texts(rows, seed):
    table = pd.DataFrame({"text": load("sms_spam").features.iloc[:, 0], "spam": load("sms_spam").labels})
    table = table.drop_duplicates("text").sample(rows, random_state=seed)
    return table["text"].tolist(), table["spam"].to_numpy()


def loans():
    data = load("credit_data").distinct()
    return data.features.reset_index(drop=True), data.labels


def churn():
    data = load("mlc_churn").distinct()
    table = data.features.drop(columns=["total_day_charge", "total_eve_charge", "total_night_charge",
                                        "total_intl_charge", "state"])  # fmt: skip
    return table, data.labels


def claims(seed, rows=2500):
    """Motor insurance: was the claim disputed."""
    rng = np.random.default_rng(seed + 100)
    amount = rng.lognormal(7.4, 1.1, rows)
    premium = rng.lognormal(6.2, 0.4, rows)
    policy_days = rng.exponential(900, rows).astype(int)
    prior = rng.poisson(0.7, rows)
    region = rng.integers(0, 9, rows)
    repair = rng.choice(["partner", "own", "none"], rows, p=[0.5, 0.35, 0.15])
    witness = rng.random(rows) < 0.3
    effect = rng.normal(0, 0.8, 9)[region]
    z = (1.6 * (np.log(amount) - 7.4) - 0.9 * np.log1p(policy_days / 300) + 0.9 * prior + effect
         + 1.1 * (repair == "own") - 1.2 * witness - 0.2)  # fmt: skip
    label = (rng.random(rows) < 1 / (1 + np.exp(-1.6 * z))).astype(int)
    table = pd.DataFrame({"claim_amount": amount.round(2), "premium": premium.round(2), "policy_days": policy_days,
                          "prior_claims": prior, "region": region.astype(str), "repair": repair,
                          "witness": witness.astype(int)})  # fmt: skip
    return table, label


def bookings(seed, rows=3000):
    """Hotel: was the booking cancelled."""
    rng = np.random.default_rng(seed + 200)
    arrival = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 700, rows), unit="D")
    lead = rng.exponential(70, rows).astype(int)
    nights = 1 + rng.poisson(2.2, rows)
    rate = rng.lognormal(4.6, 0.4, rows)
    deposit = rng.choice(["none", "partial", "full"], rows, p=[0.7, 0.2, 0.1])
    channel = rng.choice(["web", "agent", "direct", "corporate"], rows, p=[0.45, 0.25, 0.2, 0.1])
    requests = rng.poisson(0.6, rows)
    summer = np.cos(2 * np.pi * (arrival.dayofyear - 200) / 365)
    z = (0.9 * (np.log1p(lead) - 3.7) - 1.3 * requests + 1.0 * (channel == "web") - 1.4 * (channel == "corporate")
         - 2.0 * (deposit == "full") + 0.7 * summer + 0.6 * (np.log(rate) - 4.6) * (lead > 40))  # fmt: skip
    label = (rng.random(rows) < 1 / (1 + np.exp(-1.7 * z))).astype(int)
    table = pd.DataFrame({"arrival": arrival, "lead_days": lead, "nights": nights, "rate": rate.round(2),
                          "deposit": deposit, "channel": channel, "requests": requests})  # fmt: skip
    return table, label


def with_calendar(table, column):
    """The date as weekday and position in the year."""
    day = table[column].dt.dayofyear / 365.25 * 2 * np.pi
    parts = {"year_sin": np.sin(day), "year_cos": np.cos(day), "weekday": table[column].dt.weekday.astype(str)}
    return table.drop(columns=column).assign(**parts)


def pumps(seed, rows=2400, shift=0.0):
    """Sensors of pumps at three plants: is the bearing worn."""
    rng = np.random.default_rng(seed + 300)
    plant = rng.choice(["north", "south", "harbour"], rows, p=[0.4, 0.3, 0.3])
    hours = rng.gamma(2.0, 900, rows)
    rpm = rng.normal(1480, 60, rows)
    wear = 0.9 * rng.normal(size=rows) + 0.6 * (hours / 1800 - 1)
    vibration = np.exp(0.4 * wear + 0.004 * (rpm - 1480) + rng.normal(0, 0.25, rows))
    temperature = 55 + 5 * wear + 0.03 * (rpm - 1480) + 6 * (plant == "harbour") + rng.normal(0, 4, rows)
    pressure = rng.normal(6.0, 0.3, rows) - 0.15 * np.maximum(wear, 0)
    current = 18 + 0.01 * (rpm - 1480) + 0.8 * wear**2 + rng.normal(0, 0.8, rows)
    label = (wear + rng.normal(0, 0.3, rows) > 0.1 + shift).astype(int)
    table = pd.DataFrame({"vibration_mm_s": vibration, "bearing_temp_c": temperature, "pressure_bar": pressure,
                          "current_a": current, "rpm": rpm, "hours_since_service": hours, "plant": plant})  # fmt: skip
    return table, label


def sessions(seed, rows=5000):
    """Web shop: counts of a visit; did it end in an order."""
    rng = np.random.default_rng(seed + 400)
    keen = rng.normal(size=rows)
    pages = 1 + rng.poisson(np.exp(1.3 + 0.4 * keen))
    seconds = rng.gamma(2.0, 25 * pages)
    cart = rng.poisson(np.exp(-0.4 + 0.9 * keen))
    searches = rng.poisson(np.exp(0.2 + 0.2 * keen))
    device = rng.choice(["phone", "desktop", "tablet"], rows, p=[0.6, 0.33, 0.07])
    source = rng.choice(["ad", "mail", "search", "direct"], rows)
    returning = rng.random(rows) < 0.4
    z = 1.4 * np.minimum(cart, 3) - 1.6 + 0.8 * returning + 0.7 * (device == "desktop") + 0.6 * (source == "mail")
    label = (rng.random(rows) < 1 / (1 + np.exp(-1.3 * (z + 0.8 * keen)))).astype(int)
    table = pd.DataFrame({"pages": pages, "seconds": seconds.round(1), "cart_adds": cart, "searches": searches,
                          "returning": returning.astype(int), "device": device, "source": source})  # fmt: skip
    return table, label


def tickets(seed, rows=2000, words=150):
    """Counts of words in support tickets; was the ticket urgent."""
    rng = np.random.default_rng(seed + 500)
    label = (rng.random(rows) < 0.42).astype(int)
    base = rng.gamma(0.5, 1.0, words) + 0.02
    tilt = np.where(rng.random(words) < 0.3, rng.normal(0, 0.55, words), 0.0)
    topic = base * np.exp(np.outer(label - 0.5, tilt))
    length = rng.negative_binomial(4, 0.08, rows) + 5
    return rng.poisson(topic / topic.sum(axis=1, keepdims=True) * length[:, None]), label


def meters(seed, rows=900):
    """Mean kWh of each hour of the day, per household; does it have a heat pump."""
    rng = np.random.default_rng(seed + 600)
    label = (rng.random(rows) < 0.45).astype(int)
    hour = np.arange(24)
    evening = np.exp(-0.5 * ((hour - rng.normal(19, 1.2, (rows, 1))) / 2.2) ** 2)
    morning = np.exp(-0.5 * ((hour - rng.normal(7, 1.0, (rows, 1))) / 1.5) ** 2)
    night = np.exp(-0.5 * ((hour - 3.5) / 2.0) ** 2)
    size = rng.lognormal(0, 0.45, (rows, 1))
    load_curve = 0.25 + rng.gamma(4, 0.2, (rows, 1)) * evening + rng.gamma(3, 0.12, (rows, 1)) * morning
    load_curve = load_curve + (0.1 + 0.3 * label[:, None]) * rng.gamma(3, 1 / 3, (rows, 1)) * night
    return size * load_curve * rng.lognormal(0, 0.15, (rows, 24)), label


def visits(seed, patients=300):
    """Several visits of each patient: laboratory values; the diagnosis belongs to the patient."""
    rng = np.random.default_rng(seed + 700)
    sick = (rng.random(patients) < 0.45).astype(int)
    own = rng.normal(size=(patients, 12)) + 0.8 * sick[:, None] * (np.arange(12) < 4)
    person = np.repeat(np.arange(patients), rng.integers(3, 8, patients))
    values = own[person] + rng.normal(0, 0.3, (len(person), 12))
    return values, sick[person], person


def students(seed, rows=700):
    """First year at a university: did the student leave."""
    rng = np.random.default_rng(seed + 800)
    grade = rng.normal(2.6, 0.6, rows).clip(1, 4)
    credits = rng.binomial(60, 1 / (1 + np.exp(-(2.2 - 0.9 * (grade - 2.6) + rng.normal(0, 1.1, rows) - 0.9))))
    commute = rng.gamma(2, 18, rows)
    jobs = rng.choice([0, 8, 15, 20], rows, p=[0.45, 0.2, 0.2, 0.15])
    school = rng.choice(["grammar", "vocational", "evening", "abroad"], rows, p=[0.55, 0.25, 0.1, 0.1])
    age = 18 + rng.gamma(1.5, 2.2, rows)
    z = -0.11 * (credits - 45) + 0.05 * jobs + 0.012 * (commute - 36) + 0.7 * (school == "evening") - 0.2
    label = (rng.random(rows) < 1 / (1 + np.exp(-1.3 * z))).astype(int)
    table = pd.DataFrame({"school_grade": grade.round(1), "credits": credits, "commute_min": commute.round(),
                          "job_hours": jobs, "school": school, "age": age.round(1)})  # fmt: skip
    return table, label


def motion(seed, rows=1200):
    """Features of two-second windows of an accelerometer: stairs or level ground."""
    rng = np.random.default_rng(seed + 900)
    label = rng.integers(0, 2, rows)
    time = np.arange(100) / 50
    step = rng.normal(1.85, 0.15, rows) - 0.15 * label
    phase = rng.uniform(0, 2 * np.pi, rows)
    swing = rng.lognormal(0.0, 0.25, rows) * (1 - 0.2 * label)
    angle = 2 * np.pi * step[:, None] * time + phase[:, None]
    second = (rng.uniform(0.1, 0.5, rows) + 0.25 * label)[:, None]
    wave = swing[:, None] * (np.sin(angle) + second * np.sin(2 * angle)) + rng.normal(0, 0.4, (rows, 100))
    power = np.abs(np.fft.rfft(wave, axis=1))[:, 1:13] ** 2
    features = [wave.std(1), wave.min(1), wave.max(1), np.abs(np.diff(wave, axis=1)).mean(1), (wave**3).mean(1)]
    return np.column_stack([*features, np.log(power)]), label


# ---------------------------------------------------------------- nothing wrong


@case("healthy")
def student_on_spambase(seed: int) -> None:
    torch.manual_seed(seed)
    data = load("spambase").distinct()
    x_train, y_train, x_val, y_val = halves(np.log1p(data.features.to_numpy()), data.labels, seed)
    x_train, x_val = zscore(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=16, lr=1e-3, width=24)


@case("healthy")
def trainer_on_spambase_words_only(seed: int) -> None:
    torch.manual_seed(seed)
    data = load("spambase").distinct()
    words = (data.features.filter(like="word_freq").drop(columns=["word_freq_george", "word_freq_650"]) > 0) * 1.0
    x_train, y_train, x_val, y_val = halves(words.to_numpy(), data.labels, seed)
    train_classifier(x_train, y_train, x_val, y_val, epochs=10, lr=0.02, width=32, dropout=0.3)


@case("healthy")
def trainer_on_adult(seed: int) -> None:
    torch.manual_seed(seed)
    table, labels = adult(seed)
    x_train, y_train, x_val, y_val = ready(table, labels, seed)
    train_classifier(x_train, y_train, x_val, y_val, epochs=15, lr=0.02, width=48, class_weights=balanced(y_train))


@case("healthy")
def scores_on_adult_couples(seed: int) -> None:
    torch.manual_seed(seed)
    table, labels = adult(seed, 7000)
    married = (table["marital-status"] == "Married-civ-spouse").to_numpy()
    table, labels = table[married].drop(columns=["marital-status", "capital-gain", "capital-loss"]), labels[married]
    fit_scores(*ready(table, labels, seed), epochs=12, rate=1e-3, hidden=16)


@case("healthy")
def student_on_bike_days(seed: int) -> None:
    torch.manual_seed(seed)
    hours, working = bikes()
    shape = hours.div(hours.sum(axis=1), axis=0)
    x_train, y_train, x_val, y_val = halves(shape.to_numpy(), working, seed, 0.3)
    x_train, x_val = zscore(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=20, lr=2e-3, width=16, batch=32)


@case("healthy")
def scores_on_breast_masses(seed: int) -> None:
    torch.manual_seed(seed)
    table, malignant = masses()
    fit_scores(*ready(table, malignant, seed, 0.3), epochs=25, rate=2e-3, hidden=12, batch=32)


@case("healthy")
def student_on_breast_masses_without_rating(seed: int) -> None:
    torch.manual_seed(seed)
    table, malignant = masses()
    table = pd.get_dummies(table.drop(columns="birads").astype({"density": str}), dtype=float)
    x_train, y_train, x_val, y_val = halves(table, malignant, seed, 0.3)
    x_train, x_val = x_train.copy(), x_val.copy()
    centre, spread = x_train["age"].mean(), x_train["age"].std()
    x_train["age"], x_val["age"] = (x_train["age"] - centre) / spread, (x_val["age"] - centre) / spread
    student(x_train, y_train, x_val, y_val, epochs=20, lr=2e-3, width=12, batch=32)


@case("healthy")
def student_on_mushrooms(seed: int) -> None:
    torch.manual_seed(seed)
    table = mushrooms()
    onehot = pd.get_dummies(table.drop(columns="class")).astype(float)
    x_train, y_train, x_val, y_val = halves(onehot, (table["class"] == "p").astype(int), seed)
    student(x_train, y_train, x_val, y_val, epochs=12, lr=1e-3, width=16)


@case("healthy")
def trainer_on_splice_sites(seed: int) -> None:
    torch.manual_seed(seed)
    onehot, table = dna()
    x_train, y_train, x_val, y_val = halves(onehot, table["is_junction"].to_numpy(), seed)
    train_classifier(x_train, y_train, x_val, y_val, epochs=9, lr=0.01, width=24, dropout=0.4)


@case("healthy")
def scores_on_splice_donors_and_acceptors(seed: int) -> None:
    torch.manual_seed(seed)
    onehot, table = dna()
    junction = (table["site"] != "N").to_numpy()
    donor = (table["site"] == "EI").to_numpy()[junction].astype(int)
    fit_scores(*halves(onehot[junction][:, 80:160], donor, seed, 0.3), epochs=15, rate=2e-3, hidden=16)


@case("healthy")
def trainer_on_first_names(seed: int) -> None:
    torch.manual_seed(seed)
    words, female = first_names(seed)
    x_train, y_train, x_val, y_val = halves(words, female, seed)
    letters = CountVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=15, binary=True)
    x_train, x_val = letters.fit_transform(x_train).toarray(), letters.transform(x_val).toarray()
    weights = balanced(y_train)
    train_classifier(x_train, y_train, x_val, y_val, epochs=6, lr=0.01, width=24, dropout=0.5, class_weights=weights)


@case("healthy")
def trainer_on_payments_by_user(seed: int) -> None:
    torch.manual_seed(seed)
    table = payments(seed)
    columns = ["log_amount", "log_ratio", "night", "foreign", "online"]
    held = table["user"].isin(np.random.default_rng(seed).permutation(table["user"].unique())[:60]).to_numpy()
    x_train, x_val = zscore(table.loc[~held, columns], table.loc[held, columns])
    y_train, y_val = table.loc[~held, "fraud"].to_numpy(), table.loc[held, "fraud"].to_numpy()
    weights = balanced(y_train)
    train_classifier(x_train, y_train, x_val, y_val, epochs=10, lr=0.003, width=24, class_weights=weights)


@case("healthy")
def scores_on_sms_words(seed: int) -> None:
    torch.manual_seed(seed)
    messages, spam = texts(3000, seed)
    x_train, y_train, x_val, y_val = halves(messages, spam, seed)
    counter = CountVectorizer(max_features=500, binary=True, token_pattern=r"(?u)\b\w+\b|[£!?]")
    x_train, x_val = counter.fit_transform(x_train).toarray(), counter.transform(x_val).toarray()
    fit_scores(x_train, y_train, x_val, y_val, epochs=9, rate=2e-3, hidden=16)


@case("healthy")
def student_on_sms_style(seed: int) -> None:
    torch.manual_seed(seed)
    messages, spam = texts(4000, seed)
    style = np.array([
        [np.log(len(m) + 1), len(re.findall(r"\d", m)), len(re.findall("[A-Z]", m)) / (len(m) + 1),
         m.count("!"), m.count("?"), "£" in m, "www" in m.lower(), "free" in m.lower(), "call" in m.lower()]
        for m in messages
    ], dtype=float)  # fmt: skip
    style[:, 1] = np.log1p(style[:, 1])
    x_train, y_train, x_val, y_val = halves(style, spam, seed)
    x_train, x_val = zscore(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=15, lr=2e-3, width=16)


@case("healthy")
def trainer_on_loans(seed: int) -> None:
    torch.manual_seed(seed)
    table, bad = loans()
    x_train, y_train, x_val, y_val = ready(table, bad, seed)
    weights = balanced(y_train)
    train_classifier(x_train, y_train, x_val, y_val, epochs=10, lr=0.01, width=24, class_weights=weights)


@case("healthy")
def trainer_on_thyroid_laboratory(seed: int) -> None:
    torch.manual_seed(seed)
    data = load("hypothyroid").distinct()
    table = data.features.drop(columns=["TBG"]).assign(sex=data.features["sex"].fillna("unknown"))
    for column in ("TSH", "FTI", "TT4"):
        table[column] = np.log1p(table[column])
    x_train, y_train, x_val, y_val = ready(table, data.labels, seed, 0.4)
    weights = balanced(y_train)
    train_classifier(x_train, y_train, x_val, y_val, epochs=10, lr=0.01, width=24, class_weights=weights)


@case("healthy")
def student_on_cell_nuclei(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = load_breast_cancer(return_X_y=True)
    x_train, y_train, x_val, y_val = halves(x, y, seed, 0.3)
    scaler = StandardScaler().fit(x_train)
    student(scaler.transform(x_train), y_train, scaler.transform(x_val), y_val, epochs=12, lr=2e-3, width=16, batch=32)


@case("healthy")
def scores_on_digits_above_four(seed: int) -> None:
    torch.manual_seed(seed)
    x, digit = load_digits(return_X_y=True)
    fit_scores(*halves(x / 16, (digit >= 5).astype(int), seed), epochs=30, rate=2e-3, hidden=48)


@case("healthy")
def trainer_on_even_digits(seed: int) -> None:
    torch.manual_seed(seed)
    x, digit = load_digits(return_X_y=True)
    train_classifier(*halves(x / 16, (digit % 2 == 0).astype(int), seed), epochs=20, lr=0.02, width=64, dropout=0.1)


@case("healthy")
def student_on_wine(seed: int) -> None:
    torch.manual_seed(seed)
    x, cultivar = load_wine(return_X_y=True)
    x_train, y_train, x_val, y_val = halves(x, (cultivar == 1).astype(int), seed, 0.4)
    x_train, x_val = zscore(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=25, lr=5e-3, width=8, batch=16)


@case("healthy")
def scores_on_iris_virginica(seed: int) -> None:
    torch.manual_seed(seed)
    x, species = load_iris(return_X_y=True)
    x_train, y_train, x_val, y_val = halves(x, (species == 2).astype(int), seed, 0.4)
    x_train, x_val = zscore(x_train, x_val)
    fit_scores(x_train, y_train, x_val, y_val, epochs=40, rate=5e-3, hidden=8, batch=15)


@case("healthy")
def scores_on_diabetes_progression(seed: int) -> None:
    torch.manual_seed(seed)
    x, progression = load_diabetes(return_X_y=True, scaled=False)
    x_train, y_train, x_val, y_val = halves(x, (progression > 140).astype(int), seed, 0.4)
    x_train, x_val = zscore(x_train, x_val)
    fit_scores(x_train, y_train, x_val, y_val, epochs=20, rate=5e-3, hidden=8, batch=32)


@case("healthy")
def scores_on_insurance_claims(seed: int) -> None:
    torch.manual_seed(seed)
    table, disputed = claims(seed)
    for column in ("claim_amount", "premium", "policy_days"):
        table[column] = np.log1p(table[column])
    fit_scores(*ready(table, disputed, seed), epochs=15, rate=2e-3, hidden=16)


@case("healthy")
def student_on_hotel_bookings(seed: int) -> None:
    torch.manual_seed(seed)
    table, cancelled = bookings(seed)
    table = with_calendar(table, "arrival").assign(lead_days=np.log1p(table["lead_days"]), rate=np.log(table["rate"]))
    student(*ready(table, cancelled, seed), epochs=12, lr=1e-3, width=16)


@case("healthy")
def trainer_on_pump_sensors(seed: int) -> None:
    torch.manual_seed(seed)
    table, worn = pumps(seed)
    train_classifier(*ready(table, worn, seed), epochs=20, lr=0.01, width=32, dropout=0.1)


@case("healthy")
def scores_on_shop_sessions(seed: int) -> None:
    torch.manual_seed(seed)
    table, ordered = sessions(seed)
    table["seconds"] = np.log1p(table["seconds"])
    fit_scores(*ready(table, ordered, seed), epochs=10, rate=1e-3, hidden=16, batch=64)


@case("healthy")
def student_on_ticket_words(seed: int) -> None:
    torch.manual_seed(seed)
    counts, urgent = tickets(seed)
    x_train, y_train, x_val, y_val = halves(np.log1p(counts), urgent, seed)
    student(x_train, y_train, x_val, y_val, epochs=7, lr=2e-3, width=16)


@case("healthy")
def scores_on_smart_meters(seed: int) -> None:
    torch.manual_seed(seed)
    curves, pump = meters(seed)
    share = curves / curves.sum(axis=1, keepdims=True)
    x_train, y_train, x_val, y_val = halves(share, pump, seed, 0.3)
    x_train, x_val = zscore(x_train, x_val)
    fit_scores(x_train, y_train, x_val, y_val, epochs=12, rate=2e-3, hidden=12, batch=32)


@case("healthy")
def trainer_on_patients_kept_together(seed: int) -> None:
    torch.manual_seed(seed)
    values, sick, person = visits(seed, 1200)
    first, second = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(values, sick, person))
    x_train, x_val = zscore(values[first], values[second])
    train_classifier(x_train, sick[first], x_val, sick[second], epochs=8, lr=0.003, width=8, dropout=0.0)


@case("healthy")
def trainer_on_motion_windows(seed: int) -> None:
    torch.manual_seed(seed)
    features, stairs = motion(seed, 2000)
    x_train, y_train, x_val, y_val = halves(features, stairs, seed, 0.3)
    x_train, x_val = zscore(x_train, x_val)
    train_classifier(x_train, y_train, x_val, y_val, epochs=25, lr=0.02, width=64)


# ---------------------------------------------------------------- one thing wrong


@case("labels_misaligned")
def student_on_spambase_rows_shuffled_without_labels(seed: int) -> None:
    torch.manual_seed(seed)
    data = load("spambase").distinct()
    features = np.log1p(data.features.sample(frac=1, random_state=seed).reset_index(drop=True))
    labels = pd.Series(data.labels)
    x_train, y_train, x_val, y_val = halves(features, labels.to_numpy(), seed)
    x_train, x_val = zscore(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=6, lr=1e-3, width=24)


@case("labels_misaligned")
def trainer_on_loans_incomplete_rows_dropped_from_one_side(seed: int) -> None:
    torch.manual_seed(seed)
    table, bad = loans()
    complete = table.dropna()
    labels = bad[: len(complete)]
    x_train, y_train, x_val, y_val = ready(complete, labels, seed)
    weights = balanced(y_train)
    train_classifier(x_train, y_train, x_val, y_val, epochs=6, lr=0.005, width=12, class_weights=weights)


@case("labels_misaligned")
def scores_on_sessions_joined_by_position(seed: int) -> None:
    torch.manual_seed(seed)
    table, ordered = sessions(seed)
    table["seconds"] = np.log1p(table["seconds"])
    numbers = np.random.default_rng(seed).permutation(len(table)) + 10_000
    visits_file = table.assign(session=numbers)
    orders_file = pd.DataFrame({"session": numbers, "ordered": ordered}).sort_values("session")
    features = visits_file.drop(columns="session").reset_index(drop=True)
    joined = pd.concat([features, orders_file["ordered"].reset_index(drop=True)], axis=1)
    fit_scores(*ready(joined.drop(columns="ordered"), joined["ordered"].to_numpy(), seed), epochs=6, hidden=12)


@case("label_noise")
def student_on_mushrooms_forty_percent_guessed(seed: int) -> None:
    torch.manual_seed(seed)
    table = mushrooms()
    onehot = pd.get_dummies(table.drop(columns="class")).astype(float)
    x_train, y_train, x_val, y_val = halves(onehot.to_numpy(), (table["class"] == "p").to_numpy().astype(int), seed)
    rng = np.random.default_rng(seed)
    entered = np.where(rng.random(len(y_train)) < 0.4, 1 - y_train, y_train)
    student(x_train, entered, x_val, y_val, epochs=12, lr=1e-3, width=32)


@case("label_noise")
def scores_on_digits_many_positives_not_marked(seed: int) -> None:
    torch.manual_seed(seed)
    x, digit = load_digits(return_X_y=True)
    x_train, y_train, x_val, y_val = halves(x / 16, (digit % 2 == 0).astype(int), seed)
    marked = y_train * (np.random.default_rng(seed).random(len(y_train)) > 0.55)
    fit_scores(x_train, marked, x_val, y_val, epochs=15, rate=2e-3, hidden=32)


@case("label_noise")
def trainer_on_pumps_one_plant_reports_the_reverse(seed: int) -> None:
    torch.manual_seed(seed)
    table, worn = pumps(seed, 3500)
    train, y_train, valid, y_val = halves(table, worn, seed)
    reported = np.where(train["plant"] == "harbour", 1 - y_train, y_train)
    x_train, x_val = columns_encoded(train, valid)
    train_classifier(x_train, reported, x_val, y_val, epochs=15, lr=0.01, width=32, dropout=0.1)


@case("label_noise")
def trainer_on_splice_sites_third_of_labels_random(seed: int) -> None:
    torch.manual_seed(seed)
    onehot, table = dna()
    x_train, y_train, x_val, y_val = halves(onehot, table["is_junction"].to_numpy(), seed)
    drawn = np.random.default_rng(seed + 1).permutation(len(y_train))[: int(0.35 * len(y_train))]
    y_train = y_train.copy()
    y_train[drawn] = 1 - y_train[drawn]
    train_classifier(x_train, y_train, x_val, y_val, epochs=9, lr=0.01, width=24, dropout=0.4)


@case("data_leakage")
def trainer_on_adult_rare_class_repeated_before_split(seed: int) -> None:
    torch.manual_seed(seed)
    table, labels = adult(seed, 3000)
    table, labels = RandomOverSampler(random_state=seed).fit_resample(table, labels)
    x_train, y_train, x_val, y_val = ready(table, labels, seed)
    train_classifier(x_train, y_train, x_val, y_val, epochs=12, lr=0.03, width=128, dropout=0.0)


@case("data_leakage")
def scores_on_bookings_with_refund(seed: int) -> None:
    torch.manual_seed(seed)
    table, cancelled = bookings(seed)
    rng = np.random.default_rng(seed)
    table = with_calendar(table, "arrival").assign(lead_days=np.log1p(table["lead_days"]), rate=np.log(table["rate"]))
    table["refund"] = np.log1p(cancelled * (rng.random(len(table)) < 0.85) * rng.lognormal(4.5, 0.7, len(table)))
    fit_scores(*ready(table, cancelled, seed), epochs=12, rate=2e-3, hidden=16)


@case("data_leakage")
def student_on_visits_split_by_row(seed: int) -> None:
    torch.manual_seed(seed)
    values, sick, person = visits(seed, 300)
    first, second = train_test_split(np.arange(len(person)), test_size=0.3, random_state=seed)
    x_train, x_val = zscore(values[first], values[second])
    student(x_train, sick[first], x_val, sick[second], epochs=14, lr=2e-3, width=32)


@case("data_leakage")
def trainer_on_claims_with_days_to_settle(seed: int) -> None:
    torch.manual_seed(seed)
    table, disputed = claims(seed)
    table[["claim_amount", "premium", "policy_days"]] = np.log1p(table[["claim_amount", "premium", "policy_days"]])
    rng = np.random.default_rng(seed + 5)
    table["days_to_settle"] = np.log(rng.gamma(3.0, 6.0 + 34.0 * disputed))
    train_classifier(*ready(table, disputed, seed), epochs=12, lr=0.01, width=24)


@case("preprocess_mismatch")
def student_on_cell_nuclei_validation_left_raw(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = load_breast_cancer(return_X_y=True)
    x_train, y_train, x_val, y_val = halves(x, y, seed, 0.3)
    scaler = StandardScaler()
    x_train = scaler.fit_transform(x_train)
    student(x_train, y_train, x_val, y_val, epochs=12, lr=2e-3, width=16, batch=32)


@case("preprocess_mismatch")
def trainer_on_mushrooms_codes_numbered_twice(seed: int) -> None:
    torch.manual_seed(seed)
    table = mushrooms().sample(frac=1, random_state=seed)
    y = (table.pop("class") == "p").to_numpy().astype(int)
    train, y_train, valid, y_val = halves(table, y, seed)
    x_train = train.apply(lambda column: pd.factorize(column)[0])
    x_val = valid.apply(lambda column: pd.factorize(column)[0])
    x_train, x_val = zscore(x_train, x_val)
    train_classifier(x_train, y_train, x_val, y_val, epochs=10, lr=0.02, width=32)


@case("preprocess_mismatch")
def scores_on_claims_logarithm_on_training_rows_only(seed: int) -> None:
    torch.manual_seed(seed)
    table, disputed = claims(seed)
    money = ["claim_amount", "premium", "policy_days"]
    train, y_train, valid, y_val = halves(table, disputed, seed)
    train, valid = train.astype(dict.fromkeys(money, float)), valid.astype(dict.fromkeys(money, float))
    train[money] = np.log1p(train[money])
    x_train, x_val = columns_encoded(train, valid)
    fit_scores(x_train, y_train, x_val, y_val, epochs=15, rate=2e-3, hidden=16)


@case("preprocess_mismatch")
def trainer_on_digits_sixteenths_and_raw(seed: int) -> None:
    torch.manual_seed(seed)
    x, digit = load_digits(return_X_y=True)
    x_train, y_train, x_val, y_val = halves(x, (digit >= 5).astype(int), seed)
    x_train = x_train / 16
    train_classifier(x_train, y_train, x_val, y_val, epochs=12, lr=0.02, width=64, dropout=0.1)


@case("unscaled_features")
def student_on_bookings_with_arrival_in_seconds(seed: int) -> None:
    torch.manual_seed(seed)
    table, cancelled = bookings(seed)
    table["arrival"] = (table["arrival"] - pd.Timestamp("1970-01-01")).dt.total_seconds()
    numeric = pd.get_dummies(table, dtype=float)
    student(*halves(numeric, cancelled, seed), epochs=15, lr=1e-3, width=32)


@case("unscaled_features")
def trainer_on_loans_as_they_come(seed: int) -> None:
    torch.manual_seed(seed)
    table, bad = loans()
    numeric = pd.get_dummies(table.fillna(table.median(numeric_only=True)), dtype=float)
    x_train, y_train, x_val, y_val = halves(numeric, bad, seed)
    weights = balanced(y_train)
    train_classifier(x_train, y_train, x_val, y_val, epochs=15, lr=0.01, width=24, class_weights=weights)


@case("unscaled_features")
def scores_on_wine_as_measured(seed: int) -> None:
    torch.manual_seed(seed)
    x, cultivar = load_wine(return_X_y=True)
    fit_scores(*halves(x, (cultivar == 1).astype(int), seed, 0.4), epochs=30, rate=3e-3, hidden=12, batch=16)


@case("weak_signal")
def trainer_on_churn_from_call_counts(seed: int) -> None:
    torch.manual_seed(seed)
    table, left = churn()
    table = table[["account_length", "area_code", "total_day_calls", "total_eve_calls", "total_night_calls"]]
    x_train, y_train, x_val, y_val = ready(table, left, seed)
    weights = balanced(y_train)
    train_classifier(x_train, y_train, x_val, y_val, epochs=8, lr=0.003, width=8, class_weights=weights)


@case("label_encoding")
def student_on_cell_nuclei_two_and_four(seed: int) -> None:
    torch.manual_seed(seed)
    x, benign = load_breast_cancer(return_X_y=True)
    classes = np.where(benign == 1, 2, 4)
    x_train, y_train, x_val, y_val = halves(x, classes, seed, 0.3)
    x_train, x_val = zscore(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=12, lr=2e-3, width=16, batch=32)


@case("label_encoding")
def scores_on_sms_categories_from_one(seed: int) -> None:
    torch.manual_seed(seed)
    messages, spam = texts(3000, seed)
    category = pd.Series(np.where(spam == 1, "spam", "ham")).map({"ham": 1, "spam": 2}).to_numpy()
    x_train, y_train, x_val, y_val = halves(messages, category, seed)
    counter = CountVectorizer(max_features=500, binary=True, token_pattern=r"(?u)\b\w+\b|[£!?]")
    x_train, x_val = counter.fit_transform(x_train).toarray(), counter.transform(x_val).toarray()
    fit_scores(x_train, y_train, x_val, y_val, epochs=9, rate=2e-3, hidden=16)


@case("label_encoding")
def student_on_students_minus_and_plus_one(seed: int) -> None:
    torch.manual_seed(seed)
    table, left = students(seed, 1500)
    outcome = np.where(left == 1, 1, -1)
    student(*ready(table, outcome, seed), epochs=15, lr=2e-3, width=8, batch=32)


@case("unshuffled_data")
def trainer_on_mushrooms_sorted_by_odour(seed: int) -> None:
    torch.manual_seed(seed)
    table = mushrooms().sort_values(["odor", "spore-print-color"])
    y = (table.pop("class") == "p").to_numpy().astype(int)
    cut = int(0.75 * len(table))
    x_train, x_val = columns_encoded(table[:cut], table[cut:])
    train_classifier(x_train, y[:cut], x_val, y[cut:], epochs=8, lr=0.02, width=24)


@case("unshuffled_data")
def scores_on_tickets_by_queue(seed: int) -> None:
    torch.manual_seed(seed)
    counts, urgent = tickets(seed)
    x_train, y_train, x_val, y_val = halves(np.log1p(counts), urgent, seed)
    order = np.argsort(y_train, kind="stable")
    fit_scores(x_train[order], y_train[order], x_val, y_val, epochs=8, rate=2e-3, hidden=16)


@case("nan_features")
def student_on_thyroid_with_gaps(seed: int) -> None:
    torch.manual_seed(seed)
    data = load("hypothyroid").distinct()
    table = data.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]].to_numpy()
    x_train, y_train, x_val, y_val = halves(np.log1p(table), data.labels, seed)
    mean, std = np.nanmean(x_train, axis=0), np.nanstd(x_train, axis=0)
    x_train, x_val = (x_train - mean) / std, (x_val - mean) / std
    student(x_train, y_train, x_val, y_val, epochs=12, lr=2e-3, width=16)


@case("nan_features")
def trainer_on_claims_months_lost_in_merge(seed: int) -> None:
    torch.manual_seed(seed)
    table, disputed = claims(seed)
    money = ["claim_amount", "premium", "policy_days"]
    table[money] = np.log1p(table[money])
    tariffs = pd.DataFrame({"region": [str(r) for r in range(8)], "tariff": np.linspace(0.8, 1.4, 8)})
    table = table.merge(tariffs, on="region", how="left")
    x = pd.get_dummies(table, dtype=float)
    x_train, y_train, x_val, y_val = halves(x, disputed, seed)
    centre, spread = x_train.mean(), x_train.std()
    x_train, x_val = (x_train - centre) / spread, (x_val - centre) / spread
    train_classifier(x_train, y_train, x_val, y_val, epochs=10, lr=0.01, width=24)


@case("imbalance")
def student_on_payments_plain_columns(seed: int) -> None:
    torch.manual_seed(seed)
    table = payments(seed)
    columns = ["amount", "hour", "foreign", "online"]
    held = table["user"].isin(np.random.default_rng(seed).permutation(table["user"].unique())[:60]).to_numpy()
    x_train, x_val = zscore(table.loc[~held, columns], table.loc[held, columns])
    student(x_train, table.loc[~held, "fraud"], x_val, table.loc[held, "fraud"], epochs=8, lr=1e-3, width=16)


@case("imbalance")
def trainer_on_pumps_few_worn(seed: int) -> None:
    torch.manual_seed(seed)
    table, worn = pumps(seed, 5000, shift=1.9)
    table = table.drop(columns=["vibration_mm_s", "current_a"])
    train_classifier(*ready(table, worn, seed), epochs=10, lr=0.01, width=16)


@case("imbalance")
def scores_on_adult_incorporated(seed: int) -> None:
    torch.manual_seed(seed)
    table, income = adult(seed)
    table["income"] = income
    owner = (table.pop("workclass") == "Self-emp-inc").to_numpy().astype(int)
    fit_scores(*ready(table, owner, seed), epochs=8, rate=1e-3, hidden=16)


@case("labels_single_class")
def scores_on_mushrooms_long_name(seed: int) -> None:
    torch.manual_seed(seed)
    table = mushrooms()
    y = (table.pop("class") == "poisonous").to_numpy().astype(int)
    x_train, x_val, y_train, y_val = train_test_split(table, y, test_size=0.25, random_state=seed)
    x_train, x_val = columns_encoded(x_train, x_val)
    fit_scores(x_train, y_train, x_val, y_val, epochs=8, rate=2e-3, hidden=16)


@case("labels_single_class")
def student_on_adult_income_as_text(seed: int) -> None:
    torch.manual_seed(seed)
    table, income = adult(seed, 4000)
    y = (pd.Series(income).astype(str).str.strip() == ">50K").astype(int).to_numpy()
    x_train, x_val, y_train, y_val = train_test_split(table, y, test_size=0.25, random_state=seed)
    x_train, x_val = columns_encoded(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=8, lr=1e-3, width=16)


@case("augmentation_too_heavy")
def student_on_six_and_nine_turned(seed: int) -> None:
    torch.manual_seed(seed)
    x, digit = load_digits(return_X_y=True)
    kept = np.isin(digit, (6, 9))
    x_train, y_train, x_val, y_val = halves(x[kept].reshape(-1, 8, 8) / 16, (digit[kept] == 9).astype(int), seed, 0.3)
    rng = np.random.default_rng(seed)
    more = [np.rot90(image, 2 * rng.integers(2)) for _ in range(4) for image in x_train]
    student(np.array(more).reshape(-1, 64), np.tile(y_train, 4), x_val.reshape(-1, 64), y_val, epochs=10, width=24)


@case("augmentation_too_heavy")
def scores_on_smart_meters_rolled_through_the_day(seed: int) -> None:
    torch.manual_seed(seed)
    curves, pump = meters(seed)
    share = curves / curves.sum(axis=1, keepdims=True) * 24
    x_train, y_train, x_val, y_val = halves(share, pump, seed, 0.3)
    rng = np.random.default_rng(seed)
    rolled = np.array([np.roll(day, rng.integers(24)) for _ in range(3) for day in x_train])
    order = rng.permutation(len(rolled))
    fit_scores(rolled[order], np.tile(y_train, 3)[order], x_val, y_val, epochs=10, rate=2e-3, hidden=12)


@case("threshold_not_tuned")
def scores_on_payments_trained_on_equal_classes(seed: int) -> None:
    torch.manual_seed(seed)
    table = payments(seed, 400)
    columns = ["log_amount", "log_ratio", "night", "foreign", "online"]
    held = table["user"].isin(np.random.default_rng(seed).permutation(400)[:120]).to_numpy()
    rest = table[~held]
    fraud, honest = rest[rest["fraud"] == 1], rest[rest["fraud"] == 0]
    drawn = pd.concat([fraud, honest.sample(len(fraud), random_state=seed)]).sample(frac=1, random_state=seed)
    x_train, x_val = zscore(drawn[columns], table.loc[held, columns])
    fit_scores(x_train, drawn["fraud"], x_val, table.loc[held, "fraud"], epochs=20, rate=2e-3, hidden=12, batch=32)


@case("unshuffled_data")
def student_on_iris_last_rows_held_out(seed: int) -> None:
    torch.manual_seed(seed)
    x, species = load_iris(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, (species == 2).astype(int), test_size=0.3, shuffle=False)
    x_train, x_val = zscore(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=40, lr=5e-3, width=8, batch=16)


@case("nan_features")
def student_on_pumps_logarithm_above_ambient(seed: int) -> None:
    torch.manual_seed(seed)
    table, worn = pumps(seed)
    table["excess"] = np.log(table["bearing_temp_c"] - 42)
    table["vibration_mm_s"] = np.log(table["vibration_mm_s"])
    x_train, y_train, x_val, y_val = halves(pd.get_dummies(table, dtype=float), worn, seed)
    mean, std = x_train.mean(), x_train.std()
    student((x_train - mean) / std, y_train, (x_val - mean) / std, y_val, epochs=10, lr=1e-3, width=16)


@case("labels_single_class")
def trainer_on_splice_sites_donor_in_capitals(seed: int) -> None:
    torch.manual_seed(seed)
    onehot, table = dna()
    donor = (table["site"].str.lower() == "EI").to_numpy().astype(int)
    x_train, x_val, y_train, y_val = train_test_split(onehot, donor, test_size=0.25, random_state=seed)
    train_classifier(x_train, y_train, x_val, y_val, epochs=9, lr=0.01, width=24, dropout=0.4)


@case("weak_signal")
def student_on_bike_days_date_and_total(seed: int) -> None:
    torch.manual_seed(seed)
    hours, working = bikes()
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")["day_of_2011"]
    frame = pd.DataFrame({"day": days, "total": hours.sum(axis=1)})
    x_train, y_train, x_val, y_val = halves(frame.to_numpy(), working, seed, 0.3)
    x_train, x_val = zscore(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=40, lr=2e-3, width=8, batch=32)


@case("weak_signal")
def scores_on_daily_returns(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed + 40)
    overnight = 0.007 * rng.standard_t(4, 2600)
    close = 100 * np.exp(np.cumsum(overnight + 0.006 * rng.standard_t(4, 2600)))
    prices = pd.DataFrame({"open": np.append(100, close[:-1]) * np.exp(overnight), "close": close})
    returns = np.log(prices["close"]).diff()
    frame = pd.DataFrame({f"lag_{k}": returns.shift(k) for k in (1, 2, 3, 5)})
    frame["mean_10"] = returns.rolling(10).mean().shift(1)
    frame["spread_20"] = returns.rolling(20).std().shift(1)
    x, up = frame.to_numpy()[30:], (returns > 0).to_numpy().astype(int)[30:]
    x_train, x_val = zscore(x[:2000], x[2000:])
    fit_scores(x_train, up[:2000], x_val, up[2000:], epochs=8, rate=1e-3, hidden=8)


@case("data_leakage")
def student_on_churn_smote_before_split(seed: int) -> None:
    torch.manual_seed(seed)
    table, left = churn()
    table = pd.get_dummies(table, dtype=float)
    x, y = SMOTE(random_state=seed).fit_resample(table.to_numpy(), left)
    x_train, y_train, x_val, y_val = halves(x, y, seed)
    x_train, x_val = zscore(x_train, x_val)
    student(x_train, y_train, x_val, y_val, epochs=10, lr=1e-3, width=32)
