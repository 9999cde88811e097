"""Quiet cases: tables through three unchanged scripts, and programs as repositories have them; nothing is wrong."""

import copy
import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    classification_report,
    f1_score,
    roc_auc_score,
)
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, KFold, StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# -------------------------------------------------- script one: early stopping, cut-off chosen on validation


def train_and_report(x_train, y_train, x_val, y_val, x_test, y_test, seed, epochs=60, patience=6):
    torch.manual_seed(seed)
    mean, std = x_train.mean(0), x_train.std(0)
    std[std < 1e-6] = 1.0
    x_train, x_val, x_test = [torch.tensor((x - mean) / std, dtype=torch.float32) for x in (x_train, x_val, x_test)]
    y_train, y_val, y_test = [torch.tensor(y, dtype=torch.float32) for y in (y_train, y_val, y_test)]
    net = nn.Sequential(
        nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    best, best_state, waited = float("inf"), None, 0
    for epoch in range(epochs):
        net.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(net(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        net.eval()
        with torch.no_grad():
            val_loss = criterion(net(x_val).squeeze(1), y_val).item()
        if epoch % 5 == 0:
            print(f"epoch {epoch} train {total / len(x_train):.4f} val {val_loss:.4f}")
        if val_loss < best:
            best, best_state, waited = val_loss, copy.deepcopy(net.state_dict()), 0
        else:
            waited += 1
            if waited >= patience:
                break
    net.load_state_dict(best_state)
    net.eval()
    with torch.no_grad():
        p_val = torch.sigmoid(net(x_val).squeeze(1)).numpy()
        p_test = torch.sigmoid(net(x_test).squeeze(1)).numpy()
    grid = np.unique(np.quantile(p_val, np.linspace(0.02, 0.98, 97)))
    cut = max(grid, key=lambda t: balanced_accuracy_score(y_val.numpy(), p_val >= t))
    print(f"best val loss {best:.4f}, cut-off {cut:.3f}")
    print(
        "test AUC",
        round(roc_auc_score(y_test.numpy(), p_test), 3),
        "AP",
        round(average_precision_score(y_test.numpy(), p_test), 3),
        "balanced accuracy",
        round(balanced_accuracy_score(y_test.numpy(), p_test >= cut), 3),
    )
    return p_test


# ------------------------------------------------------------------ script two: whole tensors, probabilities, cosine


class Scorer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.hidden = nn.Linear(width, 24)
        self.out = nn.Linear(24, 1)

    def forward(self, x):
        return torch.sigmoid(self.out(torch.tanh(self.hidden(x)))).flatten()


def fit_whole(X, y, Xv, yv, seed, steps=150):
    torch.manual_seed(seed)
    scaler = StandardScaler().fit(X)
    X = torch.from_numpy(scaler.transform(X)).float()
    Xv = torch.from_numpy(scaler.transform(Xv)).float()
    y, yv = torch.from_numpy(np.array(y)).float(), torch.from_numpy(np.array(yv)).float()
    model = Scorer(X.shape[1])
    opt = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=steps)
    bce = nn.BCELoss()
    for step in range(steps):
        opt.zero_grad()
        loss = bce(model(X), y)
        loss.backward()
        opt.step()
        schedule.step()
        if (step + 1) % 30 == 0:
            with torch.no_grad():
                print(f"{step + 1:4d}  loss {loss.item():.4f}  val loss {bce(model(Xv), yv).item():.4f}")
    with torch.no_grad():
        p = model(Xv)
    print(
        f"accuracy {((p > 0.5).float() == yv).float().mean():.3f}  AUC {roc_auc_score(yv, p):.3f}  "
        f"Brier {((p - yv) ** 2).mean():.4f}"
    )
    return p.numpy()


# ------------------------------------------------------------------ script three: wide and deep, two logits, one cycle


class WideAndDeep(nn.Module):
    def __init__(self, n_in, hidden=16, p=0.3):
        super().__init__()
        self.wide = nn.Linear(n_in, 2)
        self.deep = nn.Sequential(nn.Linear(n_in, hidden), nn.GELU(), nn.Dropout(p), nn.Linear(hidden, 2))

    def forward(self, x):
        return self.wide(x) + self.deep(x)


def run_wide_deep(train, valid, seed, epochs=15, batch=50):
    torch.manual_seed(seed)
    (xt, yt), (xv, yv) = train, valid
    mu, sd = xt.mean(axis=0, keepdims=True), xt.std(axis=0, keepdims=True) + 1e-3
    xt, xv = torch.as_tensor((xt - mu) / sd).float().clamp(-5, 5), torch.as_tensor((xv - mu) / sd).float().clamp(-5, 5)
    yt, yv = torch.tensor(np.array(yt)).long(), torch.tensor(np.array(yv)).long()
    counts = torch.bincount(yt, minlength=2).float()
    loss_fn = nn.CrossEntropyLoss(weight=counts.sum() / (2 * counts))
    model = WideAndDeep(xt.shape[1])
    optim = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    per_epoch = math.ceil(len(xt) / batch)
    sched = torch.optim.lr_scheduler.OneCycleLR(optim, max_lr=5e-3, total_steps=epochs * per_epoch)
    for epoch in range(1, epochs + 1):
        model.train()
        for idx in torch.randperm(len(xt)).split(batch):
            loss = loss_fn(model(xt[idx]), yt[idx])
            optim.zero_grad(set_to_none=True)
            loss.backward()
            optim.step()
            sched.step()
        model.eval()
        with torch.no_grad():
            logits = model(xv)
        if epoch % 5 == 0 or epoch == 1:
            bal = balanced_accuracy_score(yv, logits.argmax(1))
            print(f"[{epoch:02d}] val loss {loss_fn(logits, yv):.4f} bal.acc {bal:.3f}")
    prob = logits.softmax(dim=1)[:, 1].numpy()
    print(classification_report(yv.numpy(), logits.argmax(1).numpy(), digits=3, zero_division=0))
    print("roc auc", roc_auc_score(yv.numpy(), prob))
    return prob


def three_ways(x, y, seed):
    x_train, x_rest, y_train, y_rest = train_test_split(x, y, test_size=0.4, stratify=y, random_state=seed)
    x_val, x_test, y_val, y_test = train_test_split(x_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=seed)
    return x_train, y_train, x_val, y_val, x_test, y_test


# ------------------------------------------------------------------ tables


@case("healthy")
def table_credit_chosen_columns_flags(seed: int) -> None:
    table = load("credit_data")
    df = table.features.copy()
    for column in ["Income", "Assets", "Debt"]:
        df[column + "_missing"] = df[column].isna().astype(float)
        df[column] = np.log1p(df[column].fillna(0.0))
    df["financed"] = df["Amount"] / df["Price"]
    df["instalment"] = df["Amount"] / df["Time"]
    df["had_records"] = (df["Records"] == "yes").astype(float)
    df["fixed_job"] = (df["Job"] == "fixed").astype(float)
    df["owner"] = (df["Home"] == "owner").astype(float)
    keep = [
        "Seniority",
        "Age",
        "Expenses",
        "Income",
        "Assets",
        "Debt",
        "Income_missing",
        "Assets_missing",
        "Debt_missing",
        "financed",
        "instalment",
        "Amount",
        "had_records",
        "fixed_job",
        "owner",
    ]
    train_and_report(*three_ways(df[keep].to_numpy(float), table.labels, seed), seed)


@case("healthy")
def table_thyroid_blood_values_filled(seed: int) -> None:
    table = load("hypothyroid")
    blood = ["TSH", "T3", "TT4", "T4U", "FTI"]
    df = table.features[[*blood, "age", "on_thyroxine", "thyroid_surgery"]].copy()
    missing = df[blood].isna().astype(float).to_numpy()
    df["TSH"] = np.log(df["TSH"] + 0.05)
    df["FTI"] = np.log(df["FTI"] + 1)
    flags = np.stack([(df["on_thyroxine"] == "t").to_numpy(float), (df["thyroid_surgery"] == "t").to_numpy(float)], 1)
    numbers = df[[*blood, "age"]].to_numpy(float)
    a, ya, b, yb, c, yc = three_ways(np.hstack([numbers, missing, flags]), table.labels, seed)
    medians = np.nanmedian(a, axis=0)
    a, b, c = [np.where(np.isnan(part), medians, part) for part in (a, b, c)]
    train_and_report(a, ya, b, yb, c, yc, seed)


@case("healthy")
def table_payments_relative_to_own_past_by_user(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    df["log_amount"] = np.log(df["amount"] + 0.01)
    past = df.groupby("user")["log_amount"]
    df["past_mean"] = past.transform(lambda s: s.shift().expanding().mean())
    df["past_std"] = past.transform(lambda s: s.shift().expanding(3).std())
    df = df[df["nr"] >= 5].copy()
    df["excess"] = df["log_amount"] - df["past_mean"]
    df["excess_z"] = df["excess"] / (df["past_std"] + 0.2)
    df["night"] = (df["hour"] < 5).astype(float)
    columns = ["excess", "excess_z", "night", "hour", "foreign", "online"]
    users = np.random.default_rng(seed).permutation(df["user"].unique())
    parts = []
    for group in (users[:240], users[240:320], users[320:]):
        rows = df[df["user"].isin(group)]
        parts += [rows[columns].to_numpy(float), rows["fraud"].to_numpy()]
    train_and_report(*parts, seed)


@case("healthy")
def table_churn_state_rates_out_of_fold(seed: int) -> None:
    table = load("mlc_churn")
    df = table.features.copy()
    df["intl"] = (df["international_plan"] == "yes").astype(float)
    df["vmail"] = (df["voice_mail_plan"] == "yes").astype(float)
    df["bill"] = df[["total_day_charge", "total_eve_charge", "total_night_charge", "total_intl_charge"]].sum(axis=1)
    df["many_service_calls"] = (df["number_customer_service_calls"] > 3).astype(float)
    df["few_intl_calls"] = df["intl"] * (df["total_intl_calls"] < 3)
    columns = [
        "intl",
        "vmail",
        "bill",
        "total_day_minutes",
        "total_eve_minutes",
        "total_intl_minutes",
        "total_intl_calls",
        "number_customer_service_calls",
        "many_service_calls",
        "few_intl_calls",
    ]
    order = np.random.default_rng(seed).permutation(len(df))
    train, val, test = np.split(order, [3000, 4000])
    y, state, base = table.labels, df["state"].to_numpy(), table.labels[train].mean()

    def rates(known, asked):
        group = pd.DataFrame({"s": state[known], "y": y[known]}).groupby("s")["y"].agg(["sum", "count"])
        smooth = (group["sum"] + 20 * base) / (group["count"] + 20)
        return pd.Series(state[asked]).map(smooth).fillna(base).to_numpy()

    encoded = np.zeros(len(df))
    for inner, outer in KFold(5, shuffle=True, random_state=seed).split(train):
        encoded[train[outer]] = rates(train[inner], train[outer])
    encoded[val], encoded[test] = rates(train, val), rates(train, test)
    x = np.column_stack([df[columns].to_numpy(float), encoded])
    train_and_report(x[train], y[train], x[val], y[val], x[test], y[test], seed)


@case("healthy")
def table_sms_hand_counts(seed: int) -> None:
    table = load("sms_spam").distinct()
    text = table.features["text"]
    lower = text.str.lower()
    columns = {
        "length": np.log1p(text.str.len()),
        "digits": np.log1p(text.str.count(r"\d")),
        "caps": np.log1p(text.str.count(r"[A-Z]")),
        "bang": text.str.count("!").clip(upper=5),
        "pound": text.str.contains("£").astype(float),
        "link": lower.str.contains("www|http").astype(float),
        "long_number": text.str.contains(r"\d{5,}").astype(float),
        "words": np.log1p(text.str.count(" ")),
    }
    for word in ["free", "win", "claim", "call", "txt", "prize", "mobile", "stop", "i ", "you"]:
        columns["w_" + word] = lower.str.count(word).clip(upper=3)
    x = pd.DataFrame(columns).to_numpy(float)
    keep = np.random.RandomState(seed).permutation(len(x))[:4000]
    train_and_report(*three_ways(x[keep], table.labels[keep], seed), seed)


@case("healthy")
def table_adult_one_hot_four_thousand(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz")
    df["capital-gain"] = np.log1p(df["capital-gain"])
    df["capital-loss"] = np.log1p(df["capital-loss"])
    df["native-country"] = np.where(df["native-country"] == "United-States", "US", "other")
    df = df.drop(columns=["education"]).drop_duplicates().sample(4000, random_state=seed)
    y = df.pop("income_gt_50k").to_numpy()
    x = pd.get_dummies(df).to_numpy(float)
    train_and_report(*three_ways(x, y, seed), seed)


@case("healthy")
def table_machines_repeated_vibration_readings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = {"train": [], "val": [], "test": []}
    for machine in range(180):
        part = "train" if machine < 110 else "val" if machine < 145 else "test"
        worn = rng.random(12).cumsum() / 6 > rng.uniform(0.3, 1.2)
        own = rng.normal(0, 0.5, 4)
        for reading in range(12):
            base = own + rng.normal(0, 0.6, 4)
            base[:2] += 1.0 * worn[reading]
            temperature = rng.normal(60, 8) + 5 * worn[reading] * (rng.random() < 0.6)
            parts[part].append(np.r_[np.exp(base), temperature, rng.poisson(3 + 2 * worn[reading]), worn[reading]])
    arrays = []
    for rows in parts.values():
        rows = np.array(rows)
        arrays += [np.column_stack([np.log(rows[:, :4]), rows[:, 4:6]]), rows[:, 6]]
    train_and_report(*arrays, seed)


@case("healthy")
def table_sms_character_ngrams_tfidf(seed: int) -> None:
    table = load("sms_spam")
    text, y = table.features["text"].to_numpy(), table.labels
    order = np.random.default_rng(seed).permutation(len(text))[:2500]
    a, b, c = np.split(order, [1500, 2000])
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), max_features=600, sublinear_tf=True)
    x = vectors.fit_transform(text[a]).toarray()
    x_val, x_test = vectors.transform(text[b]).toarray(), vectors.transform(text[c]).toarray()
    train_and_report(x, y[a], x_val, y[b], x_test, y[c], seed)


@case("healthy")
def table_mammographic_ordinal_steps(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/mammographic/mammographic.csv")
    columns = [df["age"].to_numpy(float) / 10]
    for name in ["shape", "margin", "density"]:
        for level in range(2, int(df[name].max()) + 1):
            columns.append((df[name] >= level).to_numpy(float))
    x, y = np.column_stack(columns), df["malignant"].to_numpy()
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    fit_whole(xa, ya, xb, yb, seed, steps=60)


@case("healthy")
def table_breast_cancer_thirty_columns(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    xa, xb, ya, yb = train_test_split(x, 1 - y, test_size=0.35, random_state=seed, stratify=y)
    fit_whole(xa, ya, xb, yb, seed, steps=60)


@case("healthy")
def table_spambase_log_frequencies(seed: int) -> None:
    table = load("spambase")
    x = np.log1p(table.features.to_numpy(float) * 10)
    rows = np.random.default_rng(seed).choice(len(x), 2600, replace=False)
    fit_whole(x[rows[:1600]], table.labels[rows[:1600]], x[rows[1600:]], table.labels[rows[1600:]], seed, steps=80)


@case("healthy")
def table_digits_pixels_odd_or_even(seed: int) -> None:
    pixels, digit = load_digits(return_X_y=True)
    keep = pixels.std(axis=0) > 0.3
    xa, xb, ya, yb = train_test_split(pixels[:, keep], digit % 2, test_size=0.3, random_state=seed, stratify=digit)
    fit_whole(xa, ya, xb, yb, seed)


@case("healthy")
def table_splice_window_one_hot(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    df = df[df["sequence"].str.fullmatch("[ACGT]+")].sample(2400, random_state=seed)
    letters = np.array([list(s[18:42]) for s in df["sequence"]])
    x = (letters[:, :, None] == np.array(list("ACG"))).reshape(len(df), -1).astype(float)
    y = df["is_junction"].to_numpy()
    fit_whole(x[:1600], y[:1600], x[1600:], y[1600:], seed, steps=70)


@case("healthy")
def table_bike_hours_later_days(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv").sort_values("day_of_2011")
    hours = df[[f"h{h:02d}" for h in range(24)]].to_numpy(float)
    share = hours / hours.sum(axis=1, keepdims=True)
    x = np.column_stack(
        [
            share[:, 0:4].sum(1),
            share[:, 6:10].sum(1),
            share[:, 10:16].sum(1),
            share[:, 16:20].sum(1),
            share[:, 8] - share[:, 11],
            np.log(hours.sum(axis=1)),
        ]
    )
    y = df["working_day"].to_numpy()
    fit_whole(x[:200], y[:200], x[200:], y[200:], seed, steps=60)


@case("healthy")
def table_diabetes_progression_above_median(seed: int) -> None:
    x, progression = load_diabetes(return_X_y=True)
    y = (progression > 140).astype(int)
    xa, xb, ya, yb = train_test_split(x[:, [1, 2, 3, 6, 8, 9]], y, test_size=0.4, random_state=seed, stratify=y)
    fit_whole(xa, ya, xb, yb, seed, steps=30)


@case("healthy")
def table_infrared_spectra_normalised_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wave = np.linspace(0, 1, 80)
    y = rng.integers(0, 2, 900)
    bands = [np.exp(-((wave - c) ** 2) / (2 * w**2)) for c, w in [(0.25, 0.06), (0.5, 0.04), (0.7, 0.08)]]
    amounts = rng.gamma(30, 1 / 30, (900, 3))
    amounts[:, 1] += 0.45 * y
    spectra = amounts @ np.array(bands) + rng.normal(0, 0.05, (900, 80))
    spectra = spectra * rng.uniform(0.7, 1.3, (900, 1)) + rng.normal(0, 0.3, (900, 1))
    snv = (spectra - spectra.mean(1, keepdims=True)) / spectra.std(1, keepdims=True)
    x = snv.reshape(900, 20, 4).mean(axis=2)
    fit_whole(x[:600], y[:600], x[600:], y[600:], seed, steps=80)


@case("healthy")
def table_first_names_endings(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    df = df.drop_duplicates("name", keep=False).sample(3000, random_state=seed)
    marked = "^" + df["name"] + "$"
    y = (df["list"] == "M").to_numpy(int)
    bag = CountVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False, binary=True, min_df=15)
    x_train = bag.fit_transform(marked[:2000]).toarray().astype(float)
    x_valid = bag.transform(marked[2000:]).toarray().astype(float)
    run_wide_deep((x_train, y[:2000]), (x_valid, y[2000:]), seed, epochs=5)


@case("healthy")
def table_adult_numbers_and_status(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(2400, random_state=seed + 7)
    x = np.column_stack(
        [
            df["age"],
            (df["age"] - 45) ** 2,
            df["education-num"],
            df["hours-per-week"],
            df["capital-gain"] > 5000,
            df["capital-loss"] > 0,
            df["marital-status"] == "Married-civ-spouse",
            df["gender"] == "Male",
            df["occupation"].isin(["Exec-managerial", "Prof-specialty"]),
            df["workclass"] == "Private",
        ]
    ).astype(float)
    y = df["income_gt_50k"].to_numpy()
    run_wide_deep((x[:1600], y[:1600]), (x[1600:], y[1600:]), seed)


@case("healthy")
def table_questionnaire_two_waves_by_person(seed: int) -> None:
    rng = np.random.default_rng(seed)
    persons, items = 500, 12
    mood = rng.normal(0, 1, persons)
    hard, load_on = rng.normal(0, 0.6, items), rng.uniform(0.5, 1.2, items)
    rows, label, who = [], [], []
    for person in range(persons):
        for _ in range(2):
            now = 0.8 * mood[person] + rng.normal(0, 0.5)
            latent = load_on * now - hard + rng.normal(0, 0.8, items)
            rows.append(np.digitize(latent, [-1.5, -0.5, 0.5, 1.5]) + 1)
            label.append(int(now + rng.normal(0, 0.3) > 0.5))
            who.append(person)
    rows, label, who = np.array(rows, float), np.array(label), np.array(who)
    left, right = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(rows, label, who))
    run_wide_deep((rows[left], label[left]), (rows[right], label[right]), seed, epochs=8)


@case("healthy")
def table_shop_counts_later_weeks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    records = []
    for week in range(60):
        season = 1 + 0.3 * np.sin(2 * np.pi * week / 26)
        for shop in range(40):
            size = 1 + shop / 20
            short = rng.random() < 0.3
            sold = rng.poisson(30 * size * season * (0.75 if short else 1.0))
            records.append(
                (
                    week,
                    shop,
                    sold,
                    rng.poisson(4 * size),
                    rng.poisson(3 + 4 * short),
                    rng.poisson(20 * size),
                    int(short),
                )
            )
    df = pd.DataFrame(records, columns=["week", "shop", "sold", "returns", "complaints", "delivered", "short"])
    df["usual"] = df.groupby("shop")["sold"].transform(lambda s: s.shift().rolling(8, min_periods=4).mean())
    df = df.dropna()
    df["ratio"] = np.log((df["sold"] + 1) / (df["usual"] + 1))
    columns = ["ratio", "usual", "returns", "complaints", "delivered"]
    early, late = df[df["week"] < 44], df[df["week"] >= 44]
    train, valid = [
        (
            np.sign(part[columns].to_numpy(float)) * np.sqrt(part[columns].abs().to_numpy(float)),
            part["short"].to_numpy(),
        )
        for part in (early, late)
    ]
    run_wide_deep(train, valid, seed, epochs=10)


@case("healthy")
def table_mushroom_caps_and_gills(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz").sample(frac=1, random_state=seed)
    fields = [
        "cap-shape",
        "cap-surface",
        "cap-color",
        "bruises",
        "gill-color",
        "stalk-shape",
        "stalk-root",
        "habitat",
        "population",
    ]
    df = df.drop_duplicates(fields)
    x = pd.get_dummies(df[fields]).to_numpy(float)
    y = (df["class"] == "p").to_numpy(int)
    cut = int(0.7 * len(df))
    run_wide_deep((x[:cut], y[:cut]), (x[cut:], y[cut:]), seed)


@case("healthy")
def table_donations_long_tails(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 1500
    income = np.exp(rng.normal(10.3, 0.7, n))
    given = np.exp(rng.normal(3, 1.5, n)) * (rng.random(n) < 0.7)
    debt = np.exp(rng.normal(8, 2, n))
    letters = rng.geometric(0.3, n)
    net = income - debt
    score = 0.9 * np.log1p(given) - 2.2 + 0.8 * (np.log(income) - 10.3)
    score += -0.25 * (letters - 3) - 0.2 * (np.log(debt) - 8)
    y = (rng.random(n) < 1 / (1 + np.exp(-score))).astype(int)
    x = np.column_stack([np.log(income), np.log1p(given), given > 0, np.log(debt), np.sqrt(letters), np.arcsinh(net)])
    run_wide_deep((x[:1000], y[:1000]), (x[1000:], y[1000:]), seed, epochs=10)


# ------------------------------------------------------------------ programs


@case("healthy")
def program_twin_digits_same_or_different(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    images, digit = load_digits(return_X_y=True)
    order = rng.permutation(len(images))
    pools = {"fit": order[:1300], "check": order[1300:]}

    def pairs(pool, n):
        left = rng.choice(pool, n)
        right = rng.choice(pool, n)
        for i in range(0, n, 2):
            same = pool[digit[pool] == digit[left[i]]]
            right[i] = rng.choice(same)
        ok = left != right
        left, right = left[ok], right[ok]
        to = lambda rows: torch.tensor(images[rows] / 16, dtype=torch.float32)  # noqa: E731
        return to(left), to(right), torch.tensor((digit[left] == digit[right]).astype(np.float32))

    class Twin(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 24))
            self.scale = nn.Parameter(torch.tensor(1.0))
            self.shift = nn.Parameter(torch.tensor(2.0))

        def embed(self, image):
            return self.body(image)

        def compare(self, a, b):
            return self.shift - self.scale * (a - b).pow(2).sum(dim=1).add(1e-6).sqrt()

    twin = Twin()
    adam = torch.optim.Adam(twin.parameters(), lr=3e-3, weight_decay=1e-4)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(adam, 24)
    va, vb, vy = pairs(pools["check"], 1200)
    for epoch in range(24):
        a, b, y = pairs(pools["fit"], 4000)
        running = 0.0
        for i in range(0, len(y), 100):
            s = slice(i, i + 100)
            score = twin.compare(twin.embed(a[s]), twin.embed(b[s]))
            loss = F.binary_cross_entropy_with_logits(score, y[s])
            adam.zero_grad()
            loss.backward()
            adam.step()
            running += loss.item()
        decay.step()
        with torch.no_grad():
            score = twin.compare(twin.embed(va), twin.embed(vb))
            val = F.binary_cross_entropy_with_logits(score, vy).item()
        print(f"epoch {epoch}: {running / math.ceil(len(y) / 100):.3f} val loss {val:.4f}")
    print("pair accuracy", ((score > 0).float() == vy).float().mean().item(), "AUC", roc_auc_score(vy, score))


@case("healthy")
def program_credit_towers_from_feature_dictionary(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("credit_data")
    df, y = table.features.copy(), torch.tensor(table.labels, dtype=torch.float32)
    order = np.random.default_rng(seed).permutation(len(df))
    fit, val = order[:3000], order[3000:]
    cats = ["Home", "Marital", "Records", "Job"]
    money = ["Income", "Assets", "Debt", "Amount", "Price", "Expenses"]
    rest = ["Seniority", "Time", "Age"]
    feats, sizes = {}, {}
    for c in cats:
        levels = {v: i + 1 for i, v in enumerate(sorted(df[c].iloc[fit].dropna().unique()))}
        feats[c] = torch.tensor([levels.get(v, 0) for v in df[c]])
        sizes[c] = len(levels) + 1
    for key, names in (("money", money), ("rest", rest)):
        block = np.log1p(df[names].astype(float)) if key == "money" else df[names].astype(float)
        block = block.fillna(block.iloc[fit].median())
        block = (block - block.iloc[fit].mean()) / block.iloc[fit].std()
        feats[key] = torch.tensor(block.to_numpy(), dtype=torch.float32)
    emb = nn.ModuleDict({c: nn.Embedding(n, 3) for c, n in sizes.items()})
    money_tower = nn.Sequential(nn.Linear(len(money), 16), nn.ReLU())
    rest_tower = nn.Sequential(nn.Linear(len(rest), 8), nn.ReLU())
    top = nn.Sequential(nn.Dropout(0.2), nn.Linear(3 * len(cats) + 24, 16), nn.ReLU(), nn.Linear(16, 1))
    everything = nn.ModuleList([emb, money_tower, rest_tower, top])

    def score(rows):
        parts = [emb[c](feats[c][rows]) for c in cats]
        parts += [money_tower(feats["money"][rows]), rest_tower(feats["rest"][rows])]
        return top(torch.cat(parts, dim=1)).squeeze(-1)

    fit, val = torch.tensor(fit), torch.tensor(val)
    opt = torch.optim.AdamW(everything.parameters(), lr=3e-3, weight_decay=0.02)
    for epoch in range(12):
        everything.train()
        for rows in fit[torch.randperm(len(fit))].split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(score(rows), y[rows]).backward()
            opt.step()
        everything.eval()
        with torch.no_grad():
            logits = score(val)
        val_loss = F.binary_cross_entropy_with_logits(logits, y[val])
        print(f"{epoch:2d} val loss {val_loss:.4f} AUC {roc_auc_score(y[val], logits):.3f}")
    cut = y[fit].mean()
    print("balanced accuracy at the prevalence:", balanced_accuracy_score(y[val], torch.sigmoid(logits) > cut))


@case("healthy")
def program_autoencoder_then_classifier(seed: int) -> None:
    torch.manual_seed(seed)
    pixels, digit = load_digits(return_X_y=True)
    x = torch.tensor(pixels / 16, dtype=torch.float32)
    y = torch.tensor(digit >= 5, dtype=torch.float32)
    order = torch.randperm(len(x))
    unlabelled, labelled, valid = order[:1300], order[:1000], order[1300:]
    encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 24), nn.ReLU())
    decoder = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 64))
    stage_one = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    for _ in range(25):
        for rows in unlabelled[torch.randperm(1300)].split(64):
            noisy = x[rows] + 0.1 * torch.randn(len(rows), 64)
            mse = F.mse_loss(decoder(encoder(noisy)), x[rows])
            stage_one.zero_grad()
            mse.backward()
            stage_one.step()
    print(f"reconstruction {mse.item():.4f}")
    head = nn.Sequential(nn.Dropout(0.3), nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, 1))
    groups = [{"params": encoder.parameters(), "lr": 5e-4}, {"params": head.parameters()}]
    stage_two = torch.optim.AdamW(groups, lr=3e-3)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(stage_two, 40)
    for epoch in range(40):
        head.train()
        for rows in labelled[torch.randperm(1000)].split(50):
            loss = F.binary_cross_entropy_with_logits(head(encoder(x[rows])).flatten(), y[rows])
            stage_two.zero_grad()
            loss.backward()
            stage_two.step()
        slower.step()
        head.eval()
        with torch.no_grad():
            out = head(encoder(x[valid])).flatten()
        if epoch % 5 == 4:
            print(
                f"fine-tuning {epoch}: {loss.item():.4f} val loss "
                f"{F.binary_cross_entropy_with_logits(out, y[valid]):.4f} "
                f"acc {((out > 0) == y[valid].bool()).float().mean():.3f}"
            )
    print("AUC", roc_auc_score(y[valid], out))


class SmoothStep(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        s = 1 / (1 + torch.exp(-z))
        ctx.save_for_backward(z, s)
        return z * s

    @staticmethod
    def backward(ctx, grad):
        z, s = ctx.saved_tensors
        return grad * (s + z * s * (1 - s))


@case("healthy")
def program_own_backward_activation_moons(seed: int) -> None:
    torch.manual_seed(seed)
    X, Y, Xv, Yv = data("moons", seed)
    w1 = (torch.randn(2, 24) * math.sqrt(2 / 2)).requires_grad_()
    b1 = torch.zeros(24, requires_grad=True)
    w2 = (torch.randn(24, 1) / math.sqrt(24)).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)
    params, velocity = [w1, b1, w2, b2], None
    for it in range(900):
        out = SmoothStep.apply(X @ w1 + b1) @ w2 + b2
        loss = F.softplus(-(2 * Y - 1) * out[:, 0]).mean() + 1e-4 * (w1.square().sum() + w2.square().sum())
        grads = torch.autograd.grad(loss, params)
        velocity = grads if velocity is None else [0.9 * v + g for v, g in zip(velocity, grads, strict=False)]
        with torch.no_grad():
            for p, v in zip(params, velocity, strict=False):
                p -= 0.1 * v
        if it % 100 == 99:
            with torch.no_grad():
                z = (SmoothStep.apply(Xv @ w1 + b1) @ w2 + b2)[:, 0]
            print(
                it,
                f"loss {loss.item():.4f} val loss {F.softplus(-(2 * Yv - 1) * z).mean():.4f}",
                f"acc {((z > 0) == (Yv > 0.5)).float().mean():.3f}",
            )
    print("AUC", roc_auc_score(Yv, z))


@case("healthy")
def program_pseudo_labels_for_unlabelled_rows(seed: int) -> None:
    torch.manual_seed(seed)
    cells, benign = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(cells))
    known, unknown, held = np.split(order, [80, 350])
    scaler = StandardScaler().fit(cells[np.r_[known, unknown]])
    x = torch.tensor(scaler.transform(cells), dtype=torch.float32)
    y = torch.tensor(1 - benign, dtype=torch.float32)

    def fit(inputs, targets, weights):
        net = nn.Sequential(nn.Linear(30, 12), nn.Tanh(), nn.Linear(12, 1))
        opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.1)
        for _ in range(100):
            opt.zero_grad()
            losses = F.binary_cross_entropy_with_logits(net(inputs)[:, 0], targets, reduction="none")
            (losses * weights).mean().backward()
            opt.step()
        return net

    teacher = fit(x[known], y[known], torch.ones(len(known)))
    for turn in range(3):
        with torch.no_grad():
            p = torch.sigmoid(teacher(x[unknown])[:, 0])
            val = F.binary_cross_entropy_with_logits(teacher(x[held])[:, 0], y[held])
        sure = (p > 0.95) | (p < 0.05)
        print(f"turn {turn}: {int(sure.sum())} sure rows, val loss {val:.4f}")
        inputs = torch.cat([x[known], x[unknown][sure]])
        targets = torch.cat([y[known], (p[sure] > 0.5).float()])
        weights = torch.cat([torch.ones(len(known)), torch.full((int(sure.sum()),), 0.3)])
        teacher = fit(inputs, targets, weights)
    with torch.no_grad():
        out = teacher(x[held])[:, 0]
    print("held-out accuracy", ((out > 0).float() == y[held]).float().mean().item(), "AUC", roc_auc_score(y[held], out))


@case("healthy")
def program_active_learning_by_uncertainty(seed: int) -> None:
    torch.manual_seed(seed)
    pool_x, pool_y, test_x, test_y = data("spambase", seed)
    asked = torch.randperm(len(pool_x))[:100].tolist()
    for _ in range(6):
        model = nn.Sequential(nn.Linear(pool_x.shape[1], 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))
        optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.1)
        xs, ys = pool_x[asked].clamp(-4, 4), pool_y[asked].long()
        for _ in range(80):
            optimiser.zero_grad()
            loss = F.cross_entropy(model(xs), ys)
            loss.backward()
            optimiser.step()
        model.eval()
        with torch.no_grad():
            p_pool = model(pool_x.clamp(-4, 4)).softmax(1)[:, 1]
            p_test = model(test_x.clamp(-4, 4)).softmax(1)[:, 1]
        print(
            f"{len(asked)} labels: test AUC {roc_auc_score(test_y, p_test):.3f} "
            f"accuracy {((p_test > 0.5) == test_y.bool()).float().mean():.3f}"
        )
        doubt = (p_pool - 0.5).abs()
        doubt[asked] = 9.0
        asked += doubt.argsort()[:100].tolist()


def walking(rng, n_persons, per_person, steps=40):
    signals, limps, persons = [], [], []
    for person in range(n_persons):
        pace, power = rng.uniform(0.2, 0.35), rng.uniform(0.8, 1.2)
        for _ in range(per_person):
            limp = int(rng.random() < 0.45)
            t = np.arange(steps)
            phase = rng.uniform(0, 2 * np.pi)
            wave = power * np.sin(2 * np.pi * pace * t + phase) + 0.6 * limp * np.sin(np.pi * pace * t + phase)
            signals.append(np.stack([wave, np.gradient(wave)], 1) + rng.normal(0, 0.4, (steps, 2)))
            limps.append(limp)
            persons.append(person)
    return np.array(signals, np.float32), np.array(limps, np.float32), np.array(persons)


@case("healthy")
def program_gru_cross_validated_by_person(seed: int) -> None:
    torch.manual_seed(seed)
    signals, limps, persons = walking(np.random.default_rng(seed), 60, 12)

    class Gait(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(2, 24, batch_first=True, bidirectional=True)
            self.out = nn.Linear(48, 1)

        def forward(self, s):
            states, _ = self.gru(s)
            return self.out(states.amax(dim=1)).squeeze(1)

    aucs = []
    for fold, (a, b) in enumerate(GroupKFold(2).split(signals, limps, persons)):
        x, y, xv, yv = map(torch.from_numpy, (signals[a], limps[a], signals[b], limps[b]))
        net = Gait()
        opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        plan = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, epochs=10, steps_per_epoch=math.ceil(len(x) / 40))
        for epoch in range(10):
            for rows in torch.randperm(len(x)).split(40):
                loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
                opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                opt.step()
                plan.step()
            with torch.no_grad():
                out = net(xv)
            val = F.binary_cross_entropy_with_logits(out, yv)
            print(f"fold {fold} epoch {epoch} loss {loss.item():.3f} val loss {val:.4f}")
        aucs.append(roc_auc_score(yv, out))
    print("AUC per fold", np.round(aucs, 3), "mean AUC", np.mean(aucs))


@case("healthy")
def program_bagged_networks_vote(seed: int) -> None:
    torch.manual_seed(seed)
    X, Y, Xv, Yv = data("clouds", seed)
    members = []
    for k in range(5):
        draw = torch.randint(0, len(X), (len(X),))
        net = nn.Sequential(nn.Linear(X.shape[1], 8), nn.ELU(), nn.Linear(8, 1), nn.Sigmoid())
        opt = torch.optim.RMSprop(net.parameters(), lr=3e-3, weight_decay=1e-3)
        for _epoch in range(12):
            for xb, yb in zip(X[draw].split(50), Y[draw].split(50), strict=False):
                loss = F.binary_cross_entropy(net(xb), yb[:, None])
                opt.zero_grad()
                loss.backward()
                opt.step()
        members.append(net)
        with torch.no_grad():
            p = torch.stack([m(Xv)[:, 0] for m in members]).mean(0)
        print(
            f"{k + 1} nets: accuracy {((p > 0.5).float() == Yv).float().mean():.3f} "
            f"val loss {F.binary_cross_entropy(p, Yv):.4f} AUC {roc_auc_score(Yv, p):.4f}"
        )


@case("healthy")
def program_rollback_and_halve_the_rate(seed: int) -> None:
    torch.manual_seed(seed)
    X, Y, Xv, Yv = data("credit_data", seed)
    net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    lr = 5e-3
    opt = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=0.05)
    best, snapshot, drops = math.inf, None, 0
    for epoch in range(60):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X, Y), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss_fn(net(xb).view(-1), yb).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            val = loss_fn(net(Xv).view(-1), Yv).item()
        if val < best - 1e-4:
            best, snapshot, bad = val, (copy.deepcopy(net.state_dict()), copy.deepcopy(opt.state_dict())), 0
        else:
            bad += 1
        if bad == 3:
            net.load_state_dict(snapshot[0])
            opt.load_state_dict(copy.deepcopy(snapshot[1]))
            lr, drops, bad = lr / 2, drops + 1, 0
            for group in opt.param_groups:
                group["lr"] = lr
            print(f"epoch {epoch}: back to val loss {best:.4f}, rate now {lr:.1e}")
            if drops == 4:
                break
    net.load_state_dict(snapshot[0])
    with torch.no_grad():
        scores = net(Xv).view(-1)
        train_scores = net(X).view(-1)
    cuts = train_scores.quantile(torch.linspace(0.5, 0.98, 49))
    cut = max(cuts, key=lambda c: f1_score(Y, train_scores > c))
    print("val loss", round(best, 4), "AUC", roc_auc_score(Yv, scores), "F1", f1_score(Yv, scores > cut))


@case("healthy")
def program_rate_range_test_before_training(seed: int) -> None:
    torch.manual_seed(seed)
    X, Y, Xv, Yv = data("spambase", seed)
    X, Xv = X.clamp(-5, 5), Xv.clamp(-5, 5)
    net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.LeakyReLU(), nn.Dropout(0.3), nn.Linear(32, 1), nn.Flatten(0))
    crit = nn.BCEWithLogitsLoss()

    def batches(size=64):
        return torch.randperm(len(X)).split(size)

    start = copy.deepcopy(net.state_dict())
    probe = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9)
    rates, losses, smooth = [], [], None
    for rate in np.geomspace(1e-4, 10, 80):
        probe.param_groups[0]["lr"] = rate
        rows = batches()[0]
        loss = crit(net(X[rows]), Y[rows])
        probe.zero_grad()
        loss.backward()
        probe.step()
        smooth = loss.item() if smooth is None else 0.9 * smooth + 0.1 * loss.item()
        rates.append(rate)
        losses.append(smooth)
        if smooth > 2 * min(losses):
            break
    chosen = rates[int(np.argmin(losses))] / 20
    print(f"suggested rate {chosen:.4f}")
    net.load_state_dict(start)
    opt = torch.optim.SGD(net.parameters(), lr=chosen, momentum=0.9, weight_decay=1e-3, nesterov=True)
    cycle = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)
    for epoch in range(12):
        net.train()
        for rows in batches():
            opt.zero_grad()
            crit(net(X[rows]), Y[rows]).backward()
            opt.step()
        cycle.step()
        net.eval()
        with torch.no_grad():
            out = net(Xv)
        print(f"epoch {epoch} val loss {crit(out, Yv):.4f} acc {((out > 0).float() == Yv).float().mean():.3f}")
    print("AUC", roc_auc_score(Yv, out))


@case("healthy")
def program_accumulated_gradients_conv_signals(seed: int) -> None:
    torch.manual_seed(seed)
    signals, limps, persons = walking(np.random.default_rng(seed + 50), 70, 14)
    fit, val = persons < 50, persons >= 50
    x, xv = torch.from_numpy(signals[fit]).transpose(1, 2), torch.from_numpy(signals[val]).transpose(1, 2)
    y, yv = torch.from_numpy(limps[fit]), torch.from_numpy(limps[val])
    net = nn.Sequential(
        nn.Conv1d(2, 16, 7, padding=3),
        nn.GroupNorm(4, 16),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(16, 24, 7, padding=3),
        nn.ReLU(),
        nn.AdaptiveMaxPool1d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    micro, every = 10, 5
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)
    for epoch in range(12):
        net.train()
        chunks = torch.randperm(len(x)).split(micro)
        opt.zero_grad()
        for i, rows in enumerate(chunks, start=1):
            loss = F.binary_cross_entropy_with_logits(net(x[rows])[:, 0], y[rows])
            (loss / every).backward()
            if i % every == 0:
                opt.step()
                opt.zero_grad()
        decay.step()
        net.eval()
        with torch.no_grad():
            out = net(xv)[:, 0]
        print(f"{epoch} val loss {F.binary_cross_entropy_with_logits(out, yv):.4f} AUC {roc_auc_score(yv, out):.3f}")
    print("accuracy", ((out > 0).float() == yv).float().mean().item())


@case("healthy")
def program_warmup_written_by_hand(seed: int) -> None:
    torch.manual_seed(seed)
    X, Y, Xv, Yv = data("credit_data", seed)
    net = nn.Sequential(nn.Linear(X.shape[1], 24), nn.SiLU(), nn.Dropout(0.3), nn.Linear(24, 2))
    peak, warm, total = 6e-3, 30, 300
    opt = torch.optim.AdamW(net.parameters(), lr=peak, weight_decay=0.1)
    weight = len(Y) / (2 * torch.bincount(Y.long()).float())

    def rate(k):
        return peak * (k + 1) / warm if k < warm else peak * 0.5 * (1 + math.cos(math.pi * (k - warm) / (total - warm)))

    for k in range(total):
        for g in opt.param_groups:
            g["lr"] = rate(k)
        rows = torch.randint(0, len(X), (128,))
        net.train()
        loss = F.cross_entropy(net(X[rows]), Y[rows].long(), weight=weight)
        opt.zero_grad()
        loss.backward()
        opt.step()
        if k % 50 == 49:
            net.eval()
            with torch.no_grad():
                out = net(Xv)
            print(
                f"step {k + 1} lr {rate(k):.5f} loss {loss.item():.4f} "
                f"val loss {F.cross_entropy(out, Yv.long(), weight=weight):.4f}"
            )
    print(
        "AUC",
        roc_auc_score(Yv, out[:, 1] - out[:, 0]),
        "balanced accuracy",
        balanced_accuracy_score(Yv, out.argmax(dim=1)),
    )


@case("healthy")
def program_hard_examples_after_warm_start(seed: int) -> None:
    torch.manual_seed(seed)
    X, Y, Xv, Yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(40):
        for rows in torch.randperm(len(X)).split(60):
            each = F.binary_cross_entropy_with_logits(net(X[rows]).squeeze(1), Y[rows], reduction="none")
            loss = each.mean() if epoch < 15 else each.topk(45).values.mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                z = net(Xv).squeeze(1)
            print(
                f"{epoch} loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, Yv):.4f} "
                f"acc {((z > 0).float() == Yv).float().mean():.3f}"
            )
    print("AUC", roc_auc_score(Yv, z))


def blobs_and_bars(rng, n):
    pictures, bars = np.empty((n, 1, 16, 16), np.float32), rng.integers(0, 2, n)
    rows, cols = np.mgrid[:16, :16]
    for i in range(n):
        cy, cx = rng.uniform(5, 11, 2)
        angle, long = rng.uniform(0, np.pi), 4.0 if bars[i] else 2.2
        u = (cols - cx) * np.cos(angle) + (rows - cy) * np.sin(angle)
        v = -(cols - cx) * np.sin(angle) + (rows - cy) * np.cos(angle)
        short = 1.2 if bars[i] else 2.2
        pictures[i, 0] = np.exp(-(u**2) / (2 * long**2) - v**2 / (2 * short**2)) + rng.normal(0, 0.2, (16, 16))
    return pictures, bars.astype(np.float32)


class Pictures(Dataset):
    def __init__(self, pictures, labels, transform=None):
        self.pictures, self.labels, self.transform = torch.from_numpy(pictures), torch.from_numpy(labels), transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        picture = self.pictures[i]
        return (self.transform(picture) if self.transform else picture), self.labels[i]


@case("healthy")
def program_flips_and_shifts_in_dataset(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def jitter(picture):
        if torch.rand(()) < 0.5:
            picture = picture.flip(-1)
        if torch.rand(()) < 0.5:
            picture = picture.rot90(1, (-2, -1))
        dy, dx = torch.randint(-1, 2, (2,)).tolist()
        return picture.roll((dy, dx), (-2, -1))

    train = DataLoader(Pictures(*blobs_and_bars(rng, 600), transform=jitter), batch_size=50, shuffle=True)
    valid = DataLoader(Pictures(*blobs_and_bars(rng, 400)), batch_size=200)
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
        nn.Dropout(0.2),
        nn.Linear(24 * 16, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)
    for epoch in range(12):
        net.train()
        for picture, label in train:
            loss = F.binary_cross_entropy_with_logits(net(picture).squeeze(1), label)
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            scores, truth = zip(*[(net(picture).squeeze(1), label) for picture, label in valid], strict=False)
        scores, truth = torch.cat(scores), torch.cat(truth)
        print(
            f"{epoch} val loss {F.binary_cross_entropy_with_logits(scores, truth):.4f} "
            f"acc {((scores > 0).float() == truth).float().mean():.3f}"
        )
    print("AUC", roc_auc_score(truth, scores))


@case("healthy")
def program_signals_scaled_and_noised_in_collate(seed: int) -> None:
    torch.manual_seed(seed)
    signals, limps, persons = walking(np.random.default_rng(seed + 20), 70, 12)
    rows = [(torch.from_numpy(s).T, torch.tensor(v)) for s, v in zip(signals, limps, strict=False)]
    train = [row for row, person in zip(rows, persons, strict=False) if person < 50]
    valid = [row for row, person in zip(rows, persons, strict=False) if person >= 50]

    def plain(batch):
        xs, ys = zip(*batch, strict=False)
        return torch.stack(xs), torch.stack(ys)

    def augmenting(batch):
        x, y = plain(batch)
        gain = 1 + 0.1 * torch.randn(len(x), 1, 1)
        return gain * x + 0.1 * torch.randn_like(x), y

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv1d(2, 24, 9, padding=4)
            self.second = nn.Conv1d(24, 24, 9, padding=4)
            self.head = nn.Linear(48, 2)

        def features(self, x):
            h = F.relu(self.first(x))
            h = h + F.relu(self.second(h))
            return torch.cat([h.mean(-1), h.amax(-1)], dim=1)

        def forward(self, x):
            return self.head(self.features(x))

    net, loss_fn = Net(), nn.CrossEntropyLoss(label_smoothing=0.05)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    plan = torch.optim.lr_scheduler.PolynomialLR(opt, total_iters=12)
    for epoch in range(12):
        for x, y in DataLoader(train, batch_size=40, shuffle=True, collate_fn=augmenting):
            opt.zero_grad()
            loss_fn(net(x), y.long()).backward()
            opt.step()
        plan.step()
        with torch.no_grad():
            x, y = next(iter(DataLoader(valid, batch_size=len(valid), collate_fn=plain)))
            out = net(x)
        print(f"{epoch} val loss {F.cross_entropy(out, y.long()):.4f} acc {(out.argmax(1) == y).float().mean():.3f}")
    print("AUC", roc_auc_score(y, out[:, 1] - out[:, 0]))


@case("healthy")
def program_columns_selected_inside_each_fold(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X = rng.normal(0, 1, (900, 60)) * rng.uniform(0.5, 20, 60)
    y = (rng.random(900) < 1 / (1 + np.exp(-1.2 * (X[:, :8] / X[:, :8].std(0)).sum(1)))).astype(int)
    oof = np.zeros(len(y))
    for fold, (a, b) in enumerate(StratifiedKFold(4, shuffle=True, random_state=seed).split(X, y)):
        mu, sd = X[a].mean(0), X[a].std(0)
        xa, xb = (X[a] - mu) / sd, (X[b] - mu) / sd
        difference = np.abs(xa[y[a] == 1].mean(0) - xa[y[a] == 0].mean(0))
        chosen = np.argsort(-difference)[:12]
        xa, xb = torch.tensor(xa[:, chosen]).float(), torch.tensor(xb[:, chosen]).float()
        ya = torch.tensor(y[a]).float()
        net = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1))
        opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.3)
        for epoch in range(9):
            for rows in torch.randperm(len(xa)).split(32):
                opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(net(xa[rows]).squeeze(1), ya[rows])
                loss.backward()
                opt.step()
            with torch.no_grad():
                z = net(xb).squeeze(1)
            if epoch % 3 == 2:
                yb = torch.tensor(y[b]).float()
                print(f"fold {fold} epoch {epoch} val loss {F.binary_cross_entropy_with_logits(z, yb):.4f}")
        oof[b] = torch.sigmoid(z).numpy()
    print("out of fold: accuracy", np.mean((oof > 0.5) == y), "AUC", roc_auc_score(y, oof))


@case("healthy")
def program_temperature_and_cutoff_on_validation(seed: int) -> None:
    torch.manual_seed(seed)
    raw = load("spambase")
    order = np.random.RandomState(seed).permutation(len(raw.labels))
    x = np.log1p(raw.features.to_numpy(float) * 5)
    parts = [order[:1800], order[1800:2600], order[2600:]]
    mu, sd = x[parts[0]].mean(0), x[parts[0]].std(0)
    xa, xb, xc = (torch.tensor((x[i] - mu) / sd).float() for i in parts)
    ya, yb, yc = (torch.tensor(raw.labels[i]).float() for i in parts)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.Mish(), nn.Dropout(0.4), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    for epoch in range(10):
        net.train()
        for rows in torch.randperm(len(xa)).split(64):
            loss = F.binary_cross_entropy_with_logits(net(xa[rows]), ya[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            zb = net(xb)
        print(f"epoch {epoch} val loss {F.binary_cross_entropy_with_logits(zb, yb):.4f}")
    log_t, shift = torch.zeros((), requires_grad=True), torch.zeros((), requires_grad=True)
    fine = torch.optim.LBFGS([log_t, shift], lr=0.5, max_iter=50)

    def closure():
        fine.zero_grad()
        nll = F.binary_cross_entropy_with_logits(zb * torch.exp(-log_t) + shift, yb)
        nll.backward()
        return nll

    fine.step(closure)
    with torch.no_grad():
        pb = torch.sigmoid(zb * torch.exp(-log_t) + shift)
        pc = torch.sigmoid(net(xc) * torch.exp(-log_t) + shift)
    cuts = np.linspace(0.1, 0.9, 81)
    cut = cuts[np.argmin([(5 * ((pb > c) & (yb == 0)).sum() + ((pb <= c) & (yb == 1)).sum()).item() for c in cuts])]
    print(f"temperature {log_t.exp().item():.2f}, a lost mail costs five times a spam read: cut {cut:.2f}")
    print(
        f"test: Brier {((pc - yc) ** 2).mean():.4f} mean {pc.mean():.3f} of {yc.mean():.3f}, "
        f"AUC {roc_auc_score(yc, pc):.3f}, accuracy {((pc > 0.5).float() == yc).float().mean():.3f}, "
        f"lost mails {((pc > cut) & (yc == 0)).sum().item()}"
    )


@case("healthy")
def program_bags_with_masked_attention(seed: int) -> None:
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    n, most = 1800, 10
    sizes = torch.randint(4, most + 1, (n,), generator=gen)
    mask = torch.arange(most) < sizes[:, None]
    bags = torch.randn(n, most, 5, generator=gen) * mask[..., None]
    label = (torch.rand(n, generator=gen) < 0.5).float()
    centre = torch.tensor([2.0, -2.0, 1.5, 0.0, 0.0])
    bags[:, 0] += label[:, None] * centre
    shuffle = torch.stack(
        [torch.cat([torch.randperm(s, generator=gen), torch.arange(s, most)]) for s in sizes.tolist()]
    )
    bags = bags.gather(1, shuffle[..., None].expand(-1, -1, 5))
    value = nn.Sequential(nn.Linear(5, 24), nn.ReLU())
    attention = nn.Sequential(nn.Linear(24, 12), nn.Tanh(), nn.Linear(12, 1))
    head = nn.Linear(24, 1)
    params = [p for part in (value, attention, head) for p in part.parameters()]
    opt = torch.optim.Adam(params, lr=5e-3, weight_decay=1e-4)

    def predict(rows):
        h = value(bags[rows])
        weights = attention(h).squeeze(-1).masked_fill(~mask[rows], -1e9).softmax(dim=1)
        return head((weights[..., None] * h).sum(dim=1)).squeeze(-1)

    train, valid = torch.arange(1300), torch.arange(1300, n)
    for epoch in range(9):
        for rows in train[torch.randperm(1300)].split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(predict(rows), label[rows])
            loss.backward()
            opt.step()
        if epoch % 2 == 0:
            with torch.no_grad():
                out = predict(valid)
            val_loss = F.binary_cross_entropy_with_logits(out, label[valid])
            print(
                f"{epoch} train {loss.item():.3f} val loss {val_loss:.4f} "
                f"acc {((out > 0).float() == label[valid]).float().mean():.3f}"
            )
    print("AUC", roc_auc_score(label[valid], out))


@case("healthy")
def program_small_graphs_two_message_rounds(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n, nodes = 900, 12
    adjacency, kind = np.zeros((n, nodes, nodes), np.float32), rng.integers(0, 2, n)
    for g in range(n):
        if kind[g]:
            halves = np.arange(nodes) % 2
            chance = np.where(halves[:, None] == halves[None], 0.62, 0.04)
        else:
            chance = np.full((nodes, nodes), 0.30)
        upper = np.triu(rng.random((nodes, nodes)) < chance, 1)
        adjacency[g] = upper + upper.T
    A = torch.from_numpy(adjacency)
    closed = torch.diagonal(A @ A @ A, dim1=1, dim2=2) / 6
    X = torch.stack([A.sum(-1) / 4, closed / 2, (A @ A.sum(-1, keepdim=True)).squeeze(-1) / 12], dim=-1)
    y = torch.tensor(kind).float()

    class Rounds(nn.Module):
        def __init__(self):
            super().__init__()
            self.own = nn.ModuleList([nn.Linear(3, 24), nn.Linear(24, 24)])
            self.near = nn.ModuleList([nn.Linear(3, 24, bias=False), nn.Linear(24, 24, bias=False)])
            self.out = nn.Linear(48, 1)

        def forward(self, a, h):
            a = a / a.sum(-1, keepdim=True).clamp(min=1)
            for own, near in zip(self.own, self.near, strict=False):
                h = F.relu(own(h) + a @ near(h))
            return self.out(torch.cat([h.mean(1), h.amax(1)], dim=1)).squeeze(1)

    net = Rounds()
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.1)
    ramp = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 30)
    for epoch in range(30):
        for rows in torch.randperm(600).split(40):
            loss = F.binary_cross_entropy_with_logits(net(A[rows], X[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        ramp.step()
        with torch.no_grad():
            out = net(A[600:], X[600:])
        print(
            f"{epoch} val loss {F.binary_cross_entropy_with_logits(out, y[600:]):.4f} "
            f"AUC {roc_auc_score(y[600:], out):.4f}"
        )
    summary = torch.stack([A.sum((1, 2)), closed.sum(1)], 1).numpy()
    print(
        "triangles alone",
        roc_auc_score(y[600:], summary[600:, 1]),
        "accuracy",
        ((out > 0).float() == y[600:]).float().mean().item(),
    )


@case("healthy")
def program_small_perturbations_in_training(seed: int) -> None:
    torch.manual_seed(seed)
    x, benign = load_breast_cancer(return_X_y=True)
    xa, xb, ya, yb = train_test_split(x, 1 - benign, test_size=0.35, stratify=benign, random_state=seed)
    sc = StandardScaler().fit(xa)
    xa, xb = torch.tensor(sc.transform(xa)).float(), torch.tensor(sc.transform(xb)).float()
    ya, yb = torch.tensor(ya).float(), torch.tensor(yb).float()
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)

    def worst_nearby(inputs, targets, eps):
        moved = inputs.clone().requires_grad_(True)
        (grad,) = torch.autograd.grad(F.binary_cross_entropy_with_logits(net(moved), targets), moved)
        return (inputs + eps * grad.sign()).detach()

    for epoch in range(30):
        for rows in torch.randperm(len(xa)).split(32):
            nearby = worst_nearby(xa[rows], ya[rows], 0.1)
            loss = 0.5 * F.binary_cross_entropy_with_logits(net(xa[rows]), ya[rows])
            loss = loss + 0.5 * F.binary_cross_entropy_with_logits(net(nearby), ya[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                z = net(xb)
            attacked = net(worst_nearby(xb, yb, 0.1)).detach()
            print(
                f"{epoch} val loss {F.binary_cross_entropy_with_logits(z, yb):.4f} clean "
                f"{((z > 0).float() == yb).float().mean():.3f} moved "
                f"{((attacked > 0).float() == yb).float().mean():.3f}"
            )
    print("AUC", roc_auc_score(yb, z))


@dataclass
class Plan:
    width: int = 16
    rate: float = 0.1
    penalty: float = 3e-4
    rounds: int = 80
    batch: int = 40


@case("healthy")
def program_hinge_with_averaged_weights(seed: int) -> None:
    torch.manual_seed(seed)
    plan = Plan()
    X, Y, Xv, Yv = data("moons", seed)
    sign, sign_v = 2 * Y - 1, 2 * Yv - 1
    weights = {
        "w1": torch.randn(2, plan.width),
        "b1": torch.randn(plan.width),
        "w2": torch.randn(plan.width) / 4,
        "b2": torch.zeros(()),
    }
    average = {k: v.clone() for k, v in weights.items()}

    def score(w, x):
        return torch.relu(x @ w["w1"] + w["b1"]) @ w["w2"] + w["b2"]

    def objective(w, x, s):
        size = sum(v.square().sum() for v in w.values())
        return torch.relu(1 - s * score(w, x)).square().mean() + plan.penalty * size

    slope = torch.func.grad_and_value(objective)
    for k in range(plan.rounds):
        for rows in torch.randperm(len(X)).split(plan.batch):
            g, value = slope(weights, X[rows], sign[rows])
            weights = {name: v - plan.rate * g[name] for name, v in weights.items()}
            average = {name: 0.98 * v + 0.02 * weights[name] for name, v in average.items()}
        if k % 10 == 9:
            z = score(average, Xv)
            print(
                f"{k} objective {value:.4f} val loss {torch.relu(1 - sign_v * z).square().mean():.4f} "
                f"acc {((z > 0) == (sign_v > 0)).float().mean():.3f}"
            )
    print("AUC", roc_auc_score(Yv, z), "balanced accuracy", balanced_accuracy_score(Yv, z > 0))


class Trainable(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, 1)
        self.factors = nn.Parameter(0.05 * torch.randn(width, 4))

    def logits(self, x):
        pairs = ((x @ self.factors).square() - x.square() @ self.factors.square()).sum(1)
        return self.linear(x)[:, 0] + 0.5 * pairs

    def training_step(self, batch):
        x, y = batch
        return F.binary_cross_entropy_with_logits(self.logits(x), y) + 3e-3 * self.factors.square().sum()

    @torch.no_grad()
    def validation_step(self, batch):
        x, y = batch
        z = self.logits(x)
        return {
            "val loss": F.binary_cross_entropy_with_logits(z, y).item(),
            "AUC": roc_auc_score(y, z),
            "accuracy": ((z > 0).float() == y).float().mean().item(),
        }

    def configure(self):
        return torch.optim.Adam(self.parameters(), lr=1e-2)


@case("healthy")
def program_factorisation_machine_with_step_methods(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    users, films = rng.integers(0, 8, 3000), rng.integers(0, 10, 3000)
    taste, style = rng.normal(0, 1.6, (8, 2)), rng.normal(0, 1.2, (10, 2))
    liked = (rng.random(3000) < 1 / (1 + np.exp(-(taste[users] * style[films]).sum(1)))).astype(np.float32)
    x = torch.tensor(np.hstack([np.eye(8)[users], np.eye(10)[films]]), dtype=torch.float32)
    y = torch.from_numpy(liked)
    module = Trainable(18)
    opt = module.configure()
    history = defaultdict(list)
    for epoch in range(12):
        for batch in DataLoader(TensorDataset(x[:2200], y[:2200]), batch_size=50, shuffle=True):
            opt.zero_grad()
            module.training_step(batch).backward()
            opt.step()
        for name, value in module.validation_step((x[2200:], y[2200:])).items():
            history[name].append(value)
        print(epoch, " ".join(f"{name} {values[-1]:.4f}" for name, values in history.items()))
    truth = 1 / (1 + np.exp(-(taste[users] * style[films]).sum(1)))
    print("best possible AUC", roc_auc_score(liked[2200:], truth[2200:]))
