"""Sixty trainings in three people's scripts: the same code on many tables, with good and bad data and settings."""

from dataclasses import dataclass
from io import StringIO

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- first script: an MLP for tables, one logit


def train_mlp(x_tr, y_tr, x_va, y_va, hidden=(32, 16), lr=2e-3, epochs=20, batch=64, l2=1e-4, act=nn.ReLU,
              std=None, bias=None, shuffle=True, cutoff=None, opt=torch.optim.Adam, every=5):  # fmt: skip
    x_tr, y_tr, x_va, y_va = (torch.as_tensor(np.asarray(v), dtype=torch.float32) for v in (x_tr, y_tr, x_va, y_va))
    layers, width = [], x_tr.shape[1]
    for size in hidden:
        layers += [nn.Linear(width, size), act()]
        width = size
    net = nn.Sequential(*layers, nn.Linear(width, 1))
    if std is not None:
        for layer in net:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=std)
                nn.init.zeros_(layer.bias)
    if bias is not None:
        for layer in net[:-1]:
            if isinstance(layer, nn.Linear):
                nn.init.constant_(layer.bias, bias)
    optimizer = opt(net.parameters(), lr=lr, weight_decay=l2)
    loss_fn = nn.BCEWithLogitsLoss()
    history = []
    for epoch in range(1, epochs + 1):
        net.train()
        order = torch.randperm(len(x_tr)) if shuffle else torch.arange(len(x_tr))
        total = 0.0
        for rows in order.split(batch):
            loss = loss_fn(net(x_tr[rows]).squeeze(1), y_tr[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        net.eval()
        with torch.no_grad():
            val_loss = loss_fn(net(x_va).squeeze(1), y_va).item()
        history.append((total / len(x_tr), val_loss))
        if epoch % every == 0 or epoch == epochs:
            print(f"epoch {epoch:3d}  loss {history[-1][0]:.4f}  val_loss {val_loss:.4f}")
    with torch.no_grad():
        p_tr = torch.sigmoid(net(x_tr)).squeeze(1).numpy()
        p_va = torch.sigmoid(net(x_va)).squeeze(1).numpy()
    if cutoff is None:  # where TPR - FPR is largest on the training rows
        fpr, tpr, cuts = roc_curve(y_tr.numpy(), p_tr)
        cutoff = cuts[np.argmax(tpr - fpr)]
    truth, said = y_va.numpy(), (p_va >= cutoff).astype(float)
    hit, false = said[truth == 1].mean(), said[truth == 0].mean()
    auc = roc_auc_score(truth, p_va) if np.isfinite(p_va).all() else float("nan")
    print(f"accuracy {(said == truth).mean():.3f}  recall {hit:.3f}  specificity {1 - false:.3f}  AUC {auc:.3f}")
    return {"auc": auc, "balanced": (hit + 1 - false) / 2, "accuracy": (said == truth).mean(), "history": history}


def split_and_scale(x, y, seed, share=0.3):
    x_tr, x_va, y_tr, y_va = train_test_split(np.asarray(x), y, test_size=share, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(x_tr)
    return scaler.transform(x_tr), y_tr, scaler.transform(x_va), y_va


@case("labels_misaligned")
def mails_sorted_by_longest_run(seed: int) -> None:
    torch.manual_seed(seed)
    mails = load("spambase").distinct()
    rows = np.random.default_rng(seed).permutation(len(mails.labels))[:2500]
    table = mails.features.iloc[rows].sort_values("capital_run_length_longest")
    x = np.log1p(table.to_numpy())
    y = mails.labels[rows]
    train_mlp(*split_and_scale(x, y, seed), epochs=10)


@case("labels_misaligned")
def loans_dropna_on_one_side(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    features = loans.features.assign(records=loans.features.Records == "yes", fixed=loans.features.Job == "fixed")
    features = features[[*loans.numeric, "records", "fixed"]].dropna().astype(float)
    labels = loans.labels[: len(features)]
    print(features.shape, labels.shape, "bad:", labels.mean())
    train_mlp(*split_and_scale(features, labels, seed), hidden=(16,), epochs=10)


@case("labels_misaligned")
def churn_outcome_file_read_with_a_header(seed: int) -> None:
    torch.manual_seed(seed)
    customers = load("mlc_churn")
    x = customers.features[customers.numeric].copy()
    x["international"] = (customers.features.international_plan == "yes").astype(int)
    x["voice"] = (customers.features.voice_mail_plan == "yes").astype(int)
    outcome_file = StringIO("\n".join(str(v) for v in customers.labels))
    outcome = pd.read_csv(outcome_file).to_numpy().ravel()
    x = x.iloc[: len(outcome)]
    train_mlp(*split_and_scale(x, outcome, seed), epochs=12)


def adult_numbers(rows, seed):
    people = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz")
    people["married"] = people["marital-status"].str.startswith("Married").astype(int)
    people["man"] = (people["gender"] == "Male").astype(int)
    columns = ["age", "education-num", "hours-per-week", "capital-gain", "capital-loss", "married", "man"]
    people = people[[*columns, "income_gt_50k"]].drop_duplicates(columns).sample(rows, random_state=seed)
    x = people[columns].astype(float)
    x[["capital-gain", "capital-loss"]] = np.log1p(x[["capital-gain", "capital-loss"]])
    return x.to_numpy(), people["income_gt_50k"].to_numpy()


@case("label_noise")
def three_coders_of_income(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = adult_numbers(4000, seed)
    coder = np.random.default_rng(seed).integers(0, 3, len(y))
    y = np.where(coder == 1, 1 - y, y)
    train_mlp(*split_and_scale(x, y, seed), hidden=(16,), epochs=12, batch=128)


@case("label_noise")
def mails_of_two_mailboxes(seed: int) -> None:
    torch.manual_seed(seed)
    mails = load("spambase").distinct()
    x_tr, y_tr, x_va, y_va = split_and_scale(np.log1p(mails.numbers), mails.labels, seed, share=0.4)
    mailbox = np.random.default_rng(seed).choice(["office", "home"], size=len(y_tr), p=[0.58, 0.42])
    y_tr = np.where(mailbox == "home", 1 - y_tr, y_tr)
    train_mlp(x_tr, y_tr, x_va, y_va, hidden=(16,), epochs=8, l2=1e-3)


@case("weak_signal")
def churn_from_numbers_of_calls(seed: int) -> None:
    torch.manual_seed(seed)
    customers = load("mlc_churn")
    table = customers.features[["account_length", "total_day_calls", "total_eve_calls", "total_night_calls"]]
    train_mlp(*split_and_scale(table, customers.labels, seed), hidden=(16, 8), epochs=10, batch=128)


@case("data_leakage")
def loans_with_number_of_reminders(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    loans = load("credit_data")
    table = loans.features[loans.numeric].copy()
    table = table.fillna(table.median())
    table["reminders_sent"] = rng.poisson(np.where(loans.labels == 1, 2.5, 0.1))
    train_mlp(*split_and_scale(table, loans.labels, seed), epochs=10)


@case("data_leakage")
def churners_repeated_then_split(seed: int) -> None:
    torch.manual_seed(seed)
    customers = load("mlc_churn")
    table = customers.features[customers.numeric].iloc[:1500].to_numpy()
    labels = customers.labels[:1500]
    rare = np.flatnonzero(labels == 1)
    extra = np.random.default_rng(seed).choice(rare, size=len(labels) - 2 * len(rare))
    x, y = np.vstack([table, table[extra]]), np.concatenate([labels, labels[extra]])
    train_mlp(*split_and_scale(x, y, seed), hidden=(64, 32), epochs=25)


@case("preprocess_mismatch")
def mails_logged_while_fitting(seed: int) -> None:
    torch.manual_seed(seed)
    mails = load("spambase").distinct()
    x_tr, x_va, y_tr, y_va = train_test_split(mails.numbers, mails.labels, test_size=0.3, random_state=seed)
    scaler = StandardScaler()
    x_tr = scaler.fit_transform(np.log1p(x_tr))
    x_va = scaler.transform(x_va)
    train_mlp(x_tr, y_tr, x_va, y_va, hidden=(16,), epochs=8)


@case("unscaled_features")
def loans_in_pesetas(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    table = loans.features[loans.numeric].dropna()
    labels = loans.labels[table.index]
    table = table.assign(Income=table.Income * 1000, Assets=table.Assets * 1000, Debt=table.Debt * 1000,
                         Amount=table.Amount * 1000, Price=table.Price * 1000)  # fmt: skip
    x_tr, x_va, y_tr, y_va = train_test_split(table.to_numpy(), labels, test_size=0.3, random_state=seed)
    train_mlp(x_tr, y_tr, x_va, y_va, epochs=20)


@case("label_encoding")
def loans_with_status_one_or_two(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    table = loans.features[loans.numeric].fillna(loans.features[loans.numeric].median())
    table["records"] = (loans.features.Records == "yes").astype(int)
    status = np.where(loans.labels == 1, 2, 1)
    x_tr, y_tr, x_va, y_va = split_and_scale(table, status, seed)
    train_mlp(x_tr, y_tr, x_va, y_va, hidden=(16,), epochs=10, cutoff=0.5)


@case("nan_features")
def thyroid_labs_as_they_are(seed: int) -> None:
    torch.manual_seed(seed)
    patients = load("hypothyroid")
    x = patients.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]].to_numpy()
    train_mlp(*split_and_scale(x, patients.labels, seed), hidden=(16,), epochs=15, cutoff=0.05)


def payments_table():
    payments = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    payments["log_amount"] = np.log(payments["amount"])
    payments["usual"] = payments.groupby("user")["log_amount"].transform(lambda v: v.shift().expanding().mean())
    payments = payments[payments["nr"] >= 3]
    payments["over_usual"] = payments["log_amount"] - payments["usual"]
    return payments


@case("imbalance")
def card_payments_at_one_half(seed: int) -> None:
    torch.manual_seed(seed)
    payments = payments_table()
    users = np.random.default_rng(seed).permutation(payments["user"].unique())
    held_out = payments["user"].isin(users[:130])
    columns = ["log_amount", "hour", "foreign", "online"]
    mean, spread = payments.loc[~held_out, columns].mean(), payments.loc[~held_out, columns].std()
    x = (payments[columns] - mean) / spread
    y = payments["fraud"]
    train_mlp(x[~held_out], y[~held_out], x[held_out], y[held_out], epochs=12, batch=256, cutoff=0.5)


@case("lr_too_high")
def mails_with_adam_at_one_third(seed: int) -> None:
    torch.manual_seed(seed)
    mails = load("spambase").distinct()
    train_mlp(*split_and_scale(np.log1p(mails.numbers), mails.labels, seed), lr=0.3, epochs=12)


@case("lr_too_low")
def masses_with_a_millionth(seed: int) -> None:
    torch.manual_seed(seed)
    masses = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv").drop_duplicates()
    x = masses[["birads", "age", "shape", "margin", "density"]].clip(upper=100)
    x["birads"] = x["birads"].clip(0, 6)
    train_mlp(*split_and_scale(x, masses["malignant"].to_numpy(), seed), lr=2e-6, epochs=30, batch=32, every=10)


@case("undertrained")
def churn_seen_twice(seed: int) -> None:
    torch.manual_seed(seed)
    customers = load("mlc_churn")
    x = np.column_stack([customers.numbers, customers.features[["international_plan", "voice_mail_plan"]] == "yes"])
    train_mlp(*split_and_scale(x.astype(float), customers.labels, seed), epochs=2, batch=500, lr=1e-3)


@case("overfitting")
def few_loans_and_a_wide_net(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    table = loans.features[loans.numeric].fillna(loans.features[loans.numeric].median()).assign(
        records=(loans.features.Records == "yes").astype(int))  # fmt: skip
    table = table.sample(900, random_state=seed)
    labels = loans.labels[table.index]
    train_mlp(*split_and_scale(table, labels, seed), hidden=(256, 256), epochs=80, batch=32, lr=1e-3, l2=0, every=10)


@case("bad_init")
def incomes_with_weights_of_five(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = adult_numbers(3000, seed)
    train_mlp(*split_and_scale(x, y, seed), hidden=(64, 32), std=5.0, epochs=20)


@case("underfitting")
def four_clusters_and_one_unit(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = make_classification(2400, n_features=8, n_informative=4, n_redundant=0, n_clusters_per_class=4,
                               class_sep=1.8, flip_y=0.02, random_state=seed + 11)  # fmt: skip
    train_mlp(*split_and_scale(x, y, seed), hidden=(1,), lr=5e-3, epochs=30)


@case("healthy")
def incomes_of_one_coder(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = adult_numbers(4000, seed)
    train_mlp(*split_and_scale(x, y, seed), hidden=(32, 16), epochs=25, batch=128, lr=4e-3)


@case("healthy")
def loans_status_minus_one(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    table = loans.features.sort_values(["Income", "Seniority"])
    status = pd.Series(np.where(loans.labels == 1, 2, 1)).loc[table.index].to_numpy()
    numbers = table[loans.numeric].assign(records=table.Records.eq("yes"), fixed=table.Job.eq("fixed"))
    x_tr, x_va, y_tr, y_va = train_test_split(numbers, status - 1, test_size=0.3, stratify=status, random_state=seed)
    middle = x_tr.median()
    x_tr, x_va = x_tr.fillna(middle).astype(float), x_va.fillna(middle).astype(float)
    mean, spread = x_tr.mean(), x_tr.std()
    train_mlp((x_tr - mean) / spread, y_tr, (x_va - mean) / spread, y_va, hidden=(16,), epochs=12, batch=64, lr=3e-3)


@case("healthy")
def card_payments_cut_on_training_rows(seed: int) -> None:
    torch.manual_seed(seed)
    payments = payments_table()
    users = np.random.default_rng(seed).permutation(payments["user"].unique())
    held_out = payments["user"].isin(users[:130])
    columns = ["log_amount", "hour", "foreign", "online", "usual", "over_usual"]
    mean, spread = payments.loc[~held_out, columns].mean(), payments.loc[~held_out, columns].std()
    x = (payments[columns] - mean) / spread
    y = payments["fraud"]
    train_mlp(x[~held_out], y[~held_out], x[held_out], y[held_out], epochs=12, batch=128)


@case("healthy")
def mails_logged_on_both_sides(seed: int) -> None:
    torch.manual_seed(seed)
    mails = load("spambase").distinct()
    train_mlp(*split_and_scale(np.log1p(mails.numbers), mails.labels, seed), hidden=(16,), epochs=10, l2=1e-3)


# ---------------------------------------------------------------- second script: two logits, loaders, a schedule


@dataclass
class Config:
    lr: float = 3e-3
    epochs: int = 15
    batch: int = 64
    widths: tuple = (48, 24)
    dropout: float = 0.0
    decay: float = 1e-4
    activation: type = nn.ReLU
    batch_norm: bool = False
    momentum: float = 0.1
    schedule: str = "cosine"
    gamma: float = 0.9
    warmup: int = 50
    step_each: str = "epoch"
    shuffle: bool = True
    weighted: bool = True
    adam: bool = True


class TableSet(Dataset):
    """Rows of a table, standardised with the statistics given, or else with their own."""

    def __init__(self, x, y, stats=None):
        x = torch.tensor(np.asarray(x), dtype=torch.float32)
        if stats is None:
            spread = x.std(0)
            stats = (x.mean(0), torch.where(spread > 0, spread, torch.ones_like(spread)))
        self.stats = stats
        self.x = (x - self.stats[0]) / self.stats[1]
        self.y = torch.tensor(np.asarray(y), dtype=torch.long)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def make_net(width, cfg):
    parts = []
    for size in cfg.widths:
        parts.append(nn.Linear(width, size))
        if cfg.batch_norm:
            parts.append(nn.BatchNorm1d(size, momentum=cfg.momentum))
        parts.append(cfg.activation())
        if cfg.dropout:
            parts.append(nn.Dropout(cfg.dropout))
        width = size
    return nn.Sequential(*parts, nn.Linear(width, 2))


def make_schedule(optimizer, cfg):
    if cfg.schedule == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=cfg.epochs)
    if cfg.schedule == "exponential":
        return torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=cfg.gamma)
    if cfg.schedule == "warmup":
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: min(1.0, (t + 1) / cfg.warmup))
    return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)


def fit_table(cfg, train_set, val_set):
    train_loader = DataLoader(train_set, batch_size=cfg.batch, shuffle=cfg.shuffle, drop_last=cfg.batch_norm)
    val_loader = DataLoader(val_set, batch_size=256)
    net = make_net(train_set.x.shape[1], cfg)
    weight = None
    if cfg.weighted:
        counts = torch.bincount(train_set.y, minlength=2).float()
        weight = len(train_set) / (2 * counts.clamp_min(1))
    criterion = nn.CrossEntropyLoss(weight=weight)
    if cfg.adam:
        optimizer = torch.optim.AdamW(net.parameters(), lr=cfg.lr, weight_decay=cfg.decay)
    else:
        optimizer = torch.optim.SGD(net.parameters(), lr=cfg.lr, momentum=0.9, weight_decay=cfg.decay)
    schedule = make_schedule(optimizer, cfg)
    history = []
    for epoch in range(cfg.epochs):
        net.train()
        losses = []
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            if cfg.step_each == "batch":
                schedule.step()
            losses.append(loss.item())
        if cfg.step_each == "epoch":
            schedule.step()
        net.eval()
        logits, truth = [], []
        with torch.no_grad():
            for x, y in val_loader:
                logits.append(net(x))
                truth.append(y)
        logits, truth = torch.cat(logits), torch.cat(truth)
        history.append((float(np.mean(losses)), criterion(logits, truth).item()))
        if epoch % 3 == 2 or epoch == cfg.epochs - 1:
            print(f"[{epoch + 1}/{cfg.epochs}] train {history[-1][0]:.4f} valid {history[-1][1]:.4f}")
    chosen = logits.argmax(dim=1)
    accuracy = (chosen == truth).float().mean().item()
    recalls = [(chosen[truth == k] == k).float().mean().item() for k in (0, 1)]
    balanced = sum(recalls) / 2
    both = 0 < truth.sum() < len(truth)
    auc = roc_auc_score(truth.numpy(), logits.softmax(1)[:, 1].numpy()) if both else float("nan")
    print(f"valid accuracy {accuracy:.3f}, balanced accuracy {balanced:.3f}, AUC {auc:.3f}")
    return {"auc": auc, "balanced": balanced, "accuracy": accuracy, "history": history}


def mushrooms():
    table = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").drop_duplicates()
    hidden_from_us = ["odor", "spore-print-color", "gill-color", "ring-type"]
    return pd.get_dummies(table.drop(columns=["class", *hidden_from_us])).astype(float), table["class"]


def adult_frame(seed, rows):
    people = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz")
    people = people.drop(columns=["education", "native-country", "race", "gender"]).drop_duplicates()
    people = people.sample(rows, random_state=seed).reset_index(drop=True)
    people["gain"], people["loss"] = np.log1p(people.pop("capital-gain")), np.log1p(people.pop("capital-loss"))
    return people


@case("labels_misaligned")
def customers_grouped_in_string_order(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    customers = pd.DataFrame({"customer": [f"c{i}" for i in range(1, 1801)], "habit": rng.normal(0, 1, 1800)})
    chance = 1 / (1 + np.exp(2.2 * customers["habit"]))
    customers["left"] = (rng.random(1800) < chance).astype(int)
    visits = customers.loc[np.repeat(np.arange(1800), 8)].copy()
    visits["minutes"] = np.exp(2 + 0.6 * visits["habit"] + rng.normal(0, 0.5, len(visits)))
    visits["pages"] = rng.poisson(np.exp(1 + 0.3 * visits["habit"]))
    visits["hour"] = rng.integers(0, 24, len(visits))
    per_customer = visits.groupby("customer").agg(minutes=("minutes", "mean"), longest=("minutes", "max"),
                                                  pages=("pages", "sum"), hour=("hour", "median"))  # fmt: skip
    x, y = per_customer.to_numpy(), customers["left"].to_numpy()
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    train_set = TableSet(x_tr, y_tr)
    fit_table(Config(epochs=8, widths=(16, 8)), train_set, TableSet(x_va, y_va, train_set.stats))


@case("label_noise")
def mushrooms_judged_by_beginners(seed: int) -> None:
    torch.manual_seed(seed)
    x, kind = mushrooms()
    y = (kind == "p").to_numpy().astype(int)
    rng = np.random.default_rng(seed)
    slips = rng.random(len(y)) < 0.32
    y = np.where(slips, 1 - y, y)
    x_tr, x_va, y_tr, y_va = train_test_split(x.to_numpy(), y, test_size=0.3, stratify=y, random_state=seed)
    train_set = TableSet(x_tr, y_tr)
    fit_table(Config(epochs=4, widths=(16,), batch=128, lr=2e-3), train_set, TableSet(x_va, y_va, train_set.stats))


@case("weak_signal")
def returns_from_twelve_indicators(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    indicators = rng.standard_t(5, size=(3000, 12))
    score = indicators[:, 0] * 0.08 + rng.normal(0, 1, 3000)
    up = (score > 0).astype(int)
    train_set = TableSet(indicators[:2200], up[:2200])
    val_set = TableSet(indicators[2200:], up[2200:], train_set.stats)
    fit_table(Config(epochs=6, widths=(16,), lr=1e-3), train_set, val_set)


@case("data_leakage")
def loans_jittered_then_split(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    loans = load("credit_data")
    few = loans.features[loans.numeric].dropna().sample(600, random_state=seed)
    y = loans.labels[few.index]
    x = StandardScaler().fit_transform(few)
    x = np.concatenate([x + rng.normal(0, 0.02, x.shape) for _ in range(6)])
    y = np.tile(y, 6)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    train_set = TableSet(x_tr, y_tr)
    fit_table(Config(widths=(96, 48), epochs=20), train_set, TableSet(x_va, y_va, train_set.stats))


@case("preprocess_mismatch")
def cells_of_the_second_export(seed: int) -> None:
    torch.manual_seed(seed)
    cells = load_breast_cancer(as_frame=True)
    x_tr, x_va, y_tr, y_va = train_test_split(cells.data, 1 - cells.target, test_size=0.4, stratify=cells.target,
                                              random_state=seed)  # fmt: skip
    second_export = StringIO(x_va[sorted(x_va.columns)].to_csv(index=False))
    x_va = pd.read_csv(second_export)
    train_set = TableSet(x_tr, y_tr)
    fit_table(Config(epochs=12, widths=(16,), batch=32), train_set, TableSet(x_va, y_va, train_set.stats))


@case("preprocess_mismatch")
def thyroid_cases_and_controls_by_their_own_mean(seed: int) -> None:
    torch.manual_seed(seed)
    patients = load("hypothyroid").distinct()
    labs = patients.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]]
    complete = labs.notna().all(axis=1).to_numpy()
    x, y = np.log(labs[complete].clip(lower=0.05)).to_numpy(), patients.labels[complete]
    rows = np.random.default_rng(seed).permutation(len(y))
    ill, well = rows[y[rows] == 1], rows[y[rows] == 0]
    study = np.concatenate([ill[:70], well[:90]])  # cases and controls, to check on
    rest = np.concatenate([ill[70:], well[90:]])
    fit_table(Config(epochs=10, widths=(16,)), TableSet(x[rest], y[rest]), TableSet(x[study], y[study]))


@case("unscaled_features")
def houses_with_years_and_metres(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    built, sold = rng.integers(1900, 2005, 3000), rng.integers(2005, 2024, 3000)
    renovated = np.minimum(built + rng.integers(0, 60, 3000), sold)
    metres = rng.normal(110, 30, 3000)
    age = (sold - built - 60) / 30
    logit = 2.0 * np.sin(1.5 * age) - 0.05 * (sold - renovated - 40) + (metres - 110) / 15
    cheap = (rng.random(3000) < 1 / (1 + np.exp(-logit))).astype(int)
    x = np.column_stack([built, renovated, sold, metres]).astype(float)
    as_it_is = (torch.zeros(4), torch.ones(4))
    cfg = Config(epochs=8, lr=1e-3)
    fit_table(cfg, TableSet(x[:2100], cheap[:2100], as_it_is), TableSet(x[2100:], cheap[2100:], as_it_is))


@case("unshuffled_data")
def churners_after_those_who_stayed(seed: int) -> None:
    torch.manual_seed(seed)
    customers = load("mlc_churn")
    x = customers.features[customers.numeric].assign(voice=(customers.features["voice_mail_plan"] == "yes").astype(int))
    y = pd.Series(customers.labels)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    stayed, left = y_tr == 0, y_tr == 1
    x_tr = pd.concat([x_tr[stayed], x_tr[left]])
    y_tr = pd.concat([y_tr[stayed], y_tr[left]])
    train_set = TableSet(x_tr, y_tr)
    cfg = Config(shuffle=False, epochs=8, batch=32, lr=3e-2, schedule="none", widths=(24,), adam=False)
    fit_table(cfg, train_set, TableSet(x_va, y_va, train_set.stats))


@case("threshold_not_tuned")
def loans_by_the_larger_logit(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    numbers = loans.features[loans.numeric].assign(records=(loans.features.Records == "yes").astype(int))
    x_tr, x_va, y_tr, y_va = train_test_split(numbers, loans.labels, test_size=0.3, random_state=seed)
    middle = x_tr.median()
    train_set = TableSet(x_tr.fillna(middle), y_tr)
    val_set = TableSet(x_va.fillna(middle), y_va, train_set.stats)
    fit_table(Config(weighted=False, epochs=8, widths=(16,)), train_set, val_set)


@case("labels_single_class")
def thyroid_without_outliers(seed: int) -> None:
    torch.manual_seed(seed)
    patients = load("hypothyroid")
    labs = patients.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]]
    y = pd.Series(patients.labels, index=labs.index)
    labs, y = labs[labs.notna().all(axis=1)], y[labs.notna().all(axis=1)]
    low, high = labs.quantile(0.25), labs.quantile(0.75)
    inside = ((labs >= low - 1.2 * (high - low)) & (labs <= high + 1.2 * (high - low))).all(axis=1)
    labs, y = labs[inside].reset_index(drop=True), y[inside].reset_index(drop=True)
    rows = np.random.default_rng(seed).permutation(len(labs))
    train_rows, val_rows = rows[:1200], rows[1200:]
    train_set = TableSet(labs.loc[train_rows], y[train_rows])
    fit_table(Config(epochs=6, widths=(16,)), train_set, TableSet(labs.loc[val_rows], y[val_rows], train_set.stats))


def churn_sets(seed, rows=5000):
    customers = load("mlc_churn")
    x = customers.features[customers.numeric].copy()
    x["international"] = (customers.features["international_plan"] == "yes").astype(int)
    x["voice"] = (customers.features["voice_mail_plan"] == "yes").astype(int)
    x, y = x.sample(rows, random_state=seed), pd.Series(customers.labels)
    y = y[x.index]
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    train_set = TableSet(x_tr, y_tr)
    return train_set, TableSet(x_va, y_va, train_set.stats)


@case("scheduler_misuse")
def churn_with_a_decay_per_batch(seed: int) -> None:
    torch.manual_seed(seed)
    fit_table(Config(schedule="exponential", gamma=0.9, step_each="batch", lr=2e-3), *churn_sets(seed))


@case("scheduler_misuse")
def incomes_with_ten_thousand_steps_of_warmup(seed: int) -> None:
    torch.manual_seed(seed)
    people = pd.get_dummies(adult_frame(seed, 3000)).astype(float)
    y = people.pop("income_gt_50k")
    x_tr, x_va, y_tr, y_va = train_test_split(people, y, test_size=0.3, stratify=y, random_state=seed)
    train_set = TableSet(x_tr, y_tr)
    cfg = Config(schedule="warmup", warmup=10_000, step_each="batch", lr=2e-3, epochs=8, widths=(24,))
    fit_table(cfg, train_set, TableSet(x_va, y_va, train_set.stats))


@case("vanishing_gradients")
def churn_through_ten_sigmoids(seed: int) -> None:
    torch.manual_seed(seed)
    fit_table(Config(widths=(32,) * 10, activation=nn.Sigmoid, epochs=20), *churn_sets(seed))


@case("regularisation_too_strong")
def churn_with_heavy_dropout(seed: int) -> None:
    torch.manual_seed(seed)
    fit_table(Config(widths=(32, 32, 16), dropout=0.9, epochs=20), *churn_sets(seed))


@case("lr_too_high")
def mushrooms_with_momentum_and_two(seed: int) -> None:
    torch.manual_seed(seed)
    x, kind = mushrooms()
    y = (kind == "p").astype(int)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    train_set = TableSet(x_tr, y_tr)
    cfg = Config(adam=False, lr=2.0, schedule="none", widths=(32, 16), epochs=8)
    fit_table(cfg, train_set, TableSet(x_va, y_va, train_set.stats))


@case("overfitting")
def churn_of_a_few_customers(seed: int) -> None:
    torch.manual_seed(seed)
    cfg = Config(widths=(256, 128), epochs=60, batch=32, decay=0.0, lr=2e-3, schedule="none")
    fit_table(cfg, *churn_sets(seed, 700))


@case("healthy")
def mushrooms_from_two_files_mixed(seed: int) -> None:
    torch.manual_seed(seed)
    x, kind = mushrooms()
    y = (kind == "p").astype(int)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    in_order = y_tr.sort_values().index
    train_set = TableSet(x_tr.loc[in_order], y_tr.loc[in_order])
    cfg = Config(epochs=8, batch=32, lr=1e-2, schedule="none", widths=(24,), adam=False)
    fit_table(cfg, train_set, TableSet(x_va, y_va, train_set.stats))


@case("healthy")
def cells_of_the_second_export_reordered(seed: int) -> None:
    torch.manual_seed(seed)
    cells = load_breast_cancer(as_frame=True)
    x_tr, x_va, y_tr, y_va = train_test_split(cells.data, 1 - cells.target, test_size=0.4, stratify=cells.target,
                                              random_state=seed)  # fmt: skip
    second_export = StringIO(x_va[sorted(x_va.columns)].to_csv(index=False))
    x_va = pd.read_csv(second_export)[list(x_tr.columns)]
    train_set = TableSet(x_tr, y_tr)
    fit_table(Config(epochs=10, widths=(16,), batch=32, decay=1e-2), train_set, TableSet(x_va, y_va, train_set.stats))


@case("healthy")
def churn_with_a_warmup_of_fifty_batches(seed: int) -> None:
    torch.manual_seed(seed)
    cfg = Config(schedule="warmup", warmup=50, step_each="batch", lr=5e-3, epochs=25, widths=(32, 16),
                 dropout=0.1, decay=0.1)  # fmt: skip
    fit_table(cfg, *churn_sets(seed))


@case("healthy")
def houses_with_ages_instead_of_years(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    built, sold = rng.integers(1900, 2005, 3000), rng.integers(2005, 2024, 3000)
    renovated = np.minimum(built + rng.integers(0, 60, 3000), sold)
    metres = rng.normal(110, 30, 3000)
    age = (sold - built - 60) / 30
    logit = 2.0 * np.sin(1.5 * age) - 0.05 * (sold - renovated - 40) + (metres - 110) / 15
    cheap = (rng.random(3000) < 1 / (1 + np.exp(-logit))).astype(int)
    x = np.column_stack([sold - built, sold - renovated, metres]).astype(float)
    train_set = TableSet(x[:2100], cheap[:2100])
    fit_table(Config(epochs=15, widths=(24, 12)), train_set, TableSet(x[2100:], cheap[2100:], train_set.stats))


# ---------------------------------------------------------------- third script: sequences and pictures


class Conv1(nn.Module):
    def __init__(self, channels, length, width=16, kernel=5, layers=1, hidden=16):
        super().__init__()
        blocks = []
        for _ in range(layers):
            blocks += [nn.Conv1d(channels, width, kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool1d(2)]
            channels, length = width, length // 2
        self.body = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(channels * length, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, x):
        return self.head(self.body(x)).squeeze(-1)


class Recur(nn.Module):
    def __init__(self, channels, width=24):
        super().__init__()
        self.gru = nn.GRU(channels, width, batch_first=True)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        states, _ = self.gru(x)
        return self.out(states[:, -1]).squeeze(-1)


class Picture(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.one = nn.Conv2d(1, width, 3, padding=1)
        self.two = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.out = nn.Linear(2 * width * 4, 1)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.one(x)), 2)
        x = F.max_pool2d(F.relu(self.two(x)), 2)
        return self.out(x.flatten(1)).squeeze(-1)


def in_batches(x, y, size, mix):
    where = torch.randperm(len(y)) if mix else torch.arange(len(y))
    for start in range(0, len(y), size):
        picked = where[start : start + size]
        yield x[picked], y[picked]


def run_series(net, x_tr, y_tr, x_va, y_va, rate=2e-3, rounds=8, size=32, decay=0.0, mix=True, fill=None,
               method="adam", clip=1.0):  # fmt: skip
    x_tr, y_tr, x_va, y_va = [torch.tensor(np.asarray(a), dtype=torch.float32) for a in (x_tr, y_tr, x_va, y_va)]
    if fill is not None:
        with torch.no_grad():
            for weight in net.parameters():
                weight.fill_(fill)
    if method == "adam":
        stepper = torch.optim.Adam(net.parameters(), lr=rate, weight_decay=decay)
    else:
        stepper = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9, weight_decay=decay)
    log = []
    for r in range(rounds):
        net.train()
        seen, summed = 0, 0.0
        for xb, yb in in_batches(x_tr, y_tr, size, mix):
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            stepper.zero_grad()
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(net.parameters(), clip)
            stepper.step()
            seen, summed = seen + len(yb), summed + loss.item() * len(yb)
        net.eval()
        with torch.inference_mode():
            z = net(x_va)
            held = F.binary_cross_entropy_with_logits(z, y_va).item()
        log.append((summed / seen, held))
        hits = ((z > 0).float() == y_va).float().mean().item()
        print(f"round {r + 1}: loss {summed / seen:.4f}, held-out loss {held:.4f}, held-out accuracy {hits:.3f}")
    truth, p = y_va.numpy(), torch.sigmoid(z).numpy()
    area = roc_auc_score(truth > 0, p)
    print(f"AUC {area:.3f}, average precision {average_precision_score(truth > 0, p):.3f}")
    called = p > 0.5
    both = (called[truth > 0].mean() + 1 - called[truth <= 0].mean()) / 2
    return {"auc": area, "balanced": both, "accuracy": hits, "history": log}


def splice_windows():
    table = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    letters = np.array([list(s) for s in table["sequence"]])
    one_hot = np.stack([letters == c for c in "ACGT"], axis=1).astype(np.float32)
    return one_hot, table["is_junction"].to_numpy()


def pictures():
    digits = load_digits()
    return digits.images[:, None], digits.target % 2


def machine_states(rng, blocks, width):
    state = np.zeros(blocks, dtype=int)
    for k in range(1, blocks):
        state[k] = state[k - 1] if rng.random() < 0.5 else 1 - state[k - 1]
    t = np.arange(blocks * width)
    hum = np.where(np.repeat(state, width) == 1, 0.30, 0.22)
    wave = np.sin(np.cumsum(hum * 2)) + rng.normal(0, 0.6, len(t))
    return wave, state


@case("labels_misaligned")
def machine_states_read_one_block_late(seed: int) -> None:
    torch.manual_seed(seed)
    wave, state = machine_states(np.random.default_rng(seed), 1500, 40)
    windows = wave.reshape(1500, 1, 40)
    windows, state = windows[:-1], state[1:]
    run_series(Conv1(1, 40, kernel=9), windows[:1000], state[:1000], windows[1000:], state[1000:], rounds=6, decay=1e-3)


@case("labels_misaligned")
def digits_drawn_again(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = pictures()
    x = x[rng.permutation(len(x))] / 16
    run_series(Picture(8), x[:1200], y[:1200], x[1200:], y[1200:], rounds=5, rate=1e-3)


@case("label_noise")
def splice_sites_marked_in_haste(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = splice_windows()
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    hasty = rng.random(len(y_tr)) < 0.4
    y_tr[hasty] = 1 - y_tr[hasty]
    run_series(Conv1(4, 60, width=8, kernel=7), x_tr, y_tr, x_va, y_va, rounds=3, rate=2e-3)


def patients_and_traces(rng, patients=60, traces=25, length=32):
    sick = np.tile([0, 1], patients // 2)
    own = rng.normal(0, 1.0, (patients, 3, 1)) + np.linspace(-1, 1, length) * rng.normal(0, 0.6, (patients, 3, 1))
    x = own[:, None] + rng.normal(0, 0.6, (patients, traces, 3, length))
    strength = rng.normal(0.35, 0.35, patients) * (2 * sick - 1)
    x[:, :, 0] += strength[:, None, None] * np.sin(np.arange(length) * 0.8)
    return x.reshape(-1, 3, length), np.repeat(sick, traces), np.repeat(np.arange(patients), traces)


@case("data_leakage")
def traces_of_patients_split_by_row(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, _ = patients_and_traces(np.random.default_rng(seed))
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    run_series(Conv1(3, 32), x_tr, y_tr, x_va, y_va, rounds=12)


@case("preprocess_mismatch")
def digits_scanned_on_black(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = pictures()
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    run_series(Picture(), x_tr / 16, y_tr, 1 - x_va / 16, y_va, rounds=10)


@case("unscaled_features")
def pulses_in_counts_of_the_converter(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 900)
    t = np.arange(30)
    centre = np.where(y == 1, 19, 12)[:, None] + rng.normal(0, 3, (900, 1))
    volts = np.exp(-0.5 * ((t - centre) / 3) ** 2) + rng.normal(0, 0.15, (900, 30))
    counts = np.round(32768 + 400 * volts)[..., None]
    run_series(Recur(1), counts[:600], y[:600], counts[600:], y[600:], rounds=15, rate=5e-3, size=64)


@case("unshuffled_data")
def splice_in_the_order_of_the_file(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_windows()
    held = np.zeros(len(y), dtype=bool)
    held[np.random.default_rng(seed).permutation(len(y))[:900]] = True
    run_series(Conv1(4, 60), x[~held], y[~held], x[held], y[held], rounds=4, mix=False)


@case("label_encoding")
def digits_with_mask_values(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = pictures()
    mask = (y * 255).astype(np.uint8)
    x_tr, x_va, y_tr, y_va = train_test_split(x / 16, mask, test_size=0.3, stratify=mask, random_state=seed)
    run_series(Picture(), x_tr, y_tr, x_va, y_va, rounds=8)


def bike_days(seed):
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    x = days[[f"h{h:02d}" for h in range(24)]].to_numpy(float)
    x = np.log1p(x) - np.log1p(x).mean(axis=1, keepdims=True)  # the shape of the day, not its total
    y = days["working_day"].to_numpy()
    return train_test_split(x[..., None], y, test_size=0.3, stratify=y, random_state=seed)


def pulse_pairs(rng, rows=1200):
    y = rng.integers(0, 2, rows)
    t = np.arange(30)
    centre = np.where(y == 1, 18, 12)[:, None] + rng.normal(0, 3, (rows, 1))
    return (np.exp(-0.5 * ((t - centre) / 3) ** 2) + rng.normal(0, 0.2, (rows, 30)))[..., None], y


@case("lr_too_high")
def pulses_with_a_rate_of_six_tenths(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = pulse_pairs(np.random.default_rng(seed))
    run_series(Recur(1), x[:800], y[:800], x[800:], y[800:], rounds=10, rate=0.6, clip=None)


@case("lr_too_low")
def digits_with_a_timid_descent(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = pictures()
    x_tr, x_va, y_tr, y_va = train_test_split(x / 16, y, test_size=0.3, stratify=y, random_state=seed)
    run_series(Picture(), x_tr, y_tr, x_va, y_va, rounds=20, rate=2e-5, method="sgd")


@case("undertrained")
def bike_days_in_two_rounds(seed: int) -> None:
    torch.manual_seed(seed)
    x_tr, x_va, y_tr, y_va = bike_days(seed)
    run_series(Recur(1), x_tr, y_tr, x_va, y_va, rounds=2, size=64)


@case("bad_init")
def splice_from_one_constant(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_windows()
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    run_series(Conv1(4, 60), x_tr, y_tr, x_va, y_va, rounds=6, fill=0.02)


@case("regularisation_too_strong")
def digits_with_a_tenth_of_decay(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = pictures()
    x_tr, x_va, y_tr, y_va = train_test_split(x / 16, y, test_size=0.3, stratify=y, random_state=seed)
    run_series(Picture(), x_tr, y_tr, x_va, y_va, rounds=10, decay=0.1)


@case("healthy")
def machine_states_read_in_time(seed: int) -> None:
    torch.manual_seed(seed)
    wave, state = machine_states(np.random.default_rng(seed), 1501, 40)
    windows = wave[40:].reshape(1500, 1, 40)
    state = state[1:]
    run_series(Conv1(1, 40, kernel=9), windows[:1000], state[:1000], windows[1000:], state[1000:], rounds=6, decay=1e-3)


@case("healthy")
def splice_in_mixed_order(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_windows()
    held = np.zeros(len(y), dtype=bool)
    held[np.random.default_rng(seed).permutation(len(y))[:900]] = True
    run_series(Conv1(4, 60, width=12, kernel=7), x[~held], y[~held], x[held], y[held], rounds=3)


@case("healthy")
def traces_of_patients_split_by_patient(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, patient = patients_and_traces(np.random.default_rng(seed), patients=400, traces=5)
    train, held = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(x, y, patient))
    x = x - x.mean(axis=2, keepdims=True)  # each trace's own level says nothing
    run_series(Conv1(3, 32, width=8, hidden=8), x[train], y[train], x[held], y[held], rounds=4, decay=1e-2)


@case("healthy")
def digits_scanned_on_white_and_black(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = pictures()
    black = np.random.default_rng(seed).random(len(x)) < 0.5
    x = np.where(black[:, None, None, None], 16 - x, x)
    x = np.where(x.mean(axis=(1, 2, 3), keepdims=True) > 8, 16 - x, x) / 16  # ink is the rarer value
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    run_series(Picture(), x_tr, y_tr, x_va, y_va, rounds=9, decay=1e-4)
