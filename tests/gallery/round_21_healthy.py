"""Healthy scripts on tables that look odd: four scripts on ten or more tables each, and sixteen single ones."""

import copy
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    roc_auc_score,
    roc_curve,
)
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- tables: (x, y, x_val, y_val) as numpy arrays


def finish(x, y, train, val):
    """Standardise with the training rows; the order of the rows is that of the two index lists."""
    x = np.asarray(x, dtype=np.float64)
    scaler = StandardScaler().fit(x[train])
    y = np.asarray(y).astype(np.int64)
    return scaler.transform(x[train]).astype("float32"), y[train], scaler.transform(x[val]).astype("float32"), y[val]


def stratified(x, y, seed, share=0.3):
    train, val = train_test_split(np.arange(len(y)), test_size=share, stratify=y, random_state=seed)
    return finish(x, y, train, val)


def by_group(x, y, groups, seed, share=0.3):
    train, val = next(GroupShuffleSplit(1, test_size=share, random_state=seed).split(x, y, groups))
    return finish(x, y, np.random.default_rng(seed).permutation(train), val)


def adult(rows, seed):
    people = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz")
    return people.sample(rows, random_state=seed).reset_index(drop=True)


def income_three_columns(seed):
    people = adult(3000, seed)
    return stratified(people[["age", "education-num", "hours-per-week"]], people["income_gt_50k"], seed)


def income_of_the_single(seed):
    people = adult(10000, seed)
    people = people[people["marital-status"] == "Never-married"]
    x = np.column_stack([people["age"], people["education-num"], people["hours-per-week"],
                         np.log1p(people["capital-gain"]), people["capital-loss"] > 0])  # fmt: skip
    return stratified(x, people["income_gt_50k"], seed)


def works_for_the_state(seed):
    people = adult(6000, seed)
    people = people[people["workclass"] != "?"]
    x = people[["age", "education-num", "hours-per-week"]].assign(woman=people["gender"] == "Female")
    return stratified(x, people["workclass"].str.endswith("gov"), seed)


def bike_days_later(seed):
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv").sort_values("day_of_2011")
    x = np.log1p(days[[f"h{hour:02d}" for hour in range(24)]].to_numpy())
    return finish(x, days["working_day"], np.arange(len(days) - 60), np.arange(len(days) - 60, len(days)))


def masses(seed):
    table = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    x = pd.get_dummies(table[["age", "shape", "margin", "density"]], columns=["shape", "margin"], dtype=float)
    return stratified(x, table["malignant"], seed)


def masses_shape_only(seed):
    table = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    return stratified(table[["shape", "margin", "density"]], table["malignant"], seed)


def mushroom_caps(seed):
    table = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").sample(3000, random_state=seed)
    x = pd.get_dummies(table[["cap-shape", "cap-surface", "cap-color", "population"]], dtype=float)
    return stratified(x, table["class"] == "p", seed)


def payments_table():
    table = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    table["amount"] = np.log(table["amount"] + 1)
    table["usual"] = table.groupby("user")["amount"].transform(lambda past: past.shift().expanding().mean())
    return table.assign(night=(table["hour"] < 6).astype(float))


def payments_by_user(seed):
    table = payments_table().dropna()
    table = table[table["user"] % 2 == seed % 2]
    table["above"] = table["amount"] - table["usual"]
    x = table[["amount", "usual", "above", "night", "foreign", "online"]]
    return by_group(x.to_numpy(), table["fraud"].to_numpy(), table["user"].to_numpy(), seed)


def payments_later_without_user(seed):
    table = payments_table()
    table = table[table["user"] % 2 == seed % 2].sort_values("nr", kind="stable").reset_index(drop=True)
    x = table[["amount", "night", "foreign", "online"]]
    old = np.flatnonzero(table["nr"] < 20)
    return finish(x, table["fraud"], np.random.default_rng(seed).permutation(old), np.flatnonzero(table["nr"] >= 20))


def junctions(seed):
    table = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    letters = np.array([list(sequence) for sequence in table["sequence"]])
    x = np.concatenate([letters == letter for letter in "ACGT"], axis=1)
    return stratified(x, table["is_junction"], seed)


def loans(seed):
    table = load("credit_data")
    x = table.features.copy()
    y = table.labels
    train, val = train_test_split(np.arange(len(y)), test_size=0.25, stratify=y, random_state=seed)
    for column in ("Income", "Assets", "Debt"):
        x[column + "_missing"] = x[column].isna().astype(float)
        x[column] = np.log1p(x[column].fillna(x[column].iloc[train].median()))
    x = pd.get_dummies(x.fillna({"Home": "?", "Job": "?", "Marital": "?"}), dtype=float)
    return finish(x, y, train, val)


def loans_four_columns(seed):
    table = load("credit_data")
    return stratified(table.features[["Time", "Age", "Expenses", "Amount"]], table.labels, seed)


def thyroid_table():
    table = load("hypothyroid").distinct()
    x = table.features.drop(columns=["TBG", "TBG_measured"]).copy()
    labs = ["age", "TSH", "T3", "TT4", "T4U", "FTI"]
    flags = [column for column in x.columns if column not in labs and column != "sex"]
    for column in flags:
        x[column] = x[column].isin(["t", "y"]).astype(float)
    x["woman"] = (x.pop("sex") == "F").astype(float)
    x["TSH"] = np.log1p(x["TSH"])
    return x.assign(age_missing=x["age"].isna().astype(float)), labs, table.labels


def thyroid_labs(seed):
    x, labs, y = thyroid_table()
    train, val = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    x[labs] = x[labs].fillna(x[labs].iloc[train].median())
    return finish(x, y, train, val)


def thyroid_well(seed):
    x, _, y = thyroid_table()
    keep = x["TSH_measured"] == 1
    x, y = x.loc[keep, ["age", "T3", "TT4", "T4U", "FTI", "woman", "on_thyroxine"]], 1 - y[keep.to_numpy()]
    x = x.assign(T3_missing=x["T3"].isna().astype(float))
    train, val = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    return finish(x.fillna(x.iloc[train].median()), y, train, val)


def churners(seed):
    table = load("mlc_churn")
    x = table.features.drop(columns=["state", "area_code"]).copy()
    for column in ("international_plan", "voice_mail_plan"):
        x[column] = (x[column] == "yes").astype(float)
    calls = x["number_customer_service_calls"]
    x["many_calls"] = (calls >= 4).astype(float)
    x["plan_and_few"] = ((x["international_plan"] == 1) & (x["total_intl_calls"] <= 2)).astype(float)
    charges = [column for column in x.columns if column.endswith("charge")]
    x["bill"] = x[charges].sum(axis=1)
    x["bill_with_mail"] = x["bill"] * x["voice_mail_plan"]
    return stratified(x, table.labels, seed)


def churners_five_columns(seed):
    table = load("mlc_churn")
    x = table.features
    columns = [x["total_day_minutes"], x["total_eve_minutes"], x["number_customer_service_calls"],
               x["international_plan"] == "yes", x["voice_mail_plan"] == "yes"]  # fmt: skip
    return stratified(np.column_stack(columns), table.labels, seed)


def messages(seed, words=300):
    table = load("sms_spam").distinct()
    text = table.features["text"].to_numpy()
    train, val = train_test_split(np.arange(len(text)), test_size=0.3, stratify=table.labels, random_state=seed)
    counter = CountVectorizer(max_features=words).fit(text[train])
    x = np.log1p(counter.transform(text).toarray())
    return finish(x, table.labels, train, val)


def letters_of_mail(seed):
    table = load("spambase").distinct()
    return stratified(np.log1p(table.features.to_numpy()), table.labels, seed)


def mail_dozen_words(seed):
    table = load("spambase").distinct()
    words = ["make", "all", "our", "over", "order", "mail", "will", "people", "report", "email", "you", "business"]
    picked = np.random.default_rng(seed).choice(len(table.labels), 1500, replace=False)
    x = (table.features[["word_freq_" + word for word in words]].to_numpy() > 0).astype(float)
    return stratified(x[picked], table.labels[picked], seed)


def tumours(seed):
    bunch = load_breast_cancer()
    return stratified(bunch.data, 1 - bunch.target, seed)


def eights(seed):
    bunch = load_digits()
    return stratified(bunch.data, bunch.target == 8, seed)


def even_digits(seed):
    bunch = load_digits()
    return stratified(bunch.data, bunch.target % 2 == 0, seed)


def progression(seed):
    bunch = load_diabetes()
    return stratified(bunch.data, bunch.target > 140, seed)


def passed_inspection(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(6000, 12)) @ rng.normal(size=(12, 12)) / 3
    score = 6.2 + x[:, :4] @ np.array([1.0, -0.8, 0.7, 0.6])
    y = rng.random(6000) < 1 / (1 + np.exp(-score))
    return stratified(x, y, seed)


def pumps_drifting(seed):
    rng = np.random.default_rng(seed)
    day = np.arange(4000) / 4000
    wear = np.convolve(rng.normal(size=4015), np.ones(16) / 4, mode="valid")
    temperature = 60 + 0.8 * day + 2 * wear + rng.normal(size=4000)
    vibration = np.exp(0.3 * wear + 0.4 * rng.normal(size=4000))
    current = 10 + 0.5 * wear + rng.standard_t(4, size=4000)
    y = rng.random(4000) < 1 / (1 + np.exp(2.4 - 1.8 * wear))
    x = np.column_stack([temperature, np.log(vibration), current, temperature * 1.8 + 32, np.full(4000, 3.0)])
    return finish(x, y, rng.permutation(3000), np.arange(3000, 4000))


def questionnaire(seed):
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=1500)
    items = trait[:, None] * rng.uniform(0.5, 1.2, 20) + rng.normal(size=(1500, 20)) + rng.normal(size=20) * 0.5
    answers = np.digitize(items, [-1.5, -0.5, 0.5, 1.5]) + 1
    y = rng.random(1500) < 1 / (1 + np.exp(0.4 - 1.1 * trait))
    return stratified(answers, y, seed)


def shops(seed):
    rng = np.random.default_rng(seed)
    shop = np.repeat(np.arange(80), 50)
    habit = rng.normal(size=80)[shop]
    size = rng.lognormal(3, 0.6, size=80)[shop]
    weekday = rng.integers(0, 7, size=4000)
    offer = rng.random(4000) < 0.25
    visitors = rng.poisson(size * (1 + 0.6 * (weekday == 5) + 0.3 * offer))
    logit = -0.8 + 0.4 * habit + 1.1 * offer + 0.9 * (weekday >= 5) + 0.6 * np.log((visitors + 1) / size)
    y = rng.random(4000) < 1 / (1 + np.exp(-logit))
    x = np.column_stack([np.log1p(visitors), np.log(size), offer, np.eye(7)[weekday]])
    return by_group(x, y, shop, seed)


def clinic_visits(seed):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(1700), rng.integers(2, 6, size=1700))
    rows = len(patient)
    frailty = rng.normal(size=1700)[patient]
    age = np.clip(rng.normal(62, 14, size=1700), 18, 99)[patient]
    crp = rng.lognormal(1.5 + 0.5 * frailty, 0.7)
    pulse = 78 + 6 * frailty + rng.normal(0, 10, rows)
    sodium = np.where(rng.random(rows) < 0.2, np.nan, 139 - 1.5 * frailty + rng.normal(0, 3, rows))
    logit = -4.7 + 0.9 * frailty + 0.04 * (age - 62) + 0.8 * (np.log(crp) - 1.5)
    y = rng.random(rows) < 1 / (1 + np.exp(-logit))
    x = np.column_stack([age, np.log(crp), pulse, np.where(np.isnan(sodium), 139, sodium), np.isnan(sodium)])
    return by_group(x, y, patient, seed)


def claims(seed):
    rng = np.random.default_rng(seed)
    amount = (rng.pareto(1.5, size=5000) + 1) * 400
    previous = rng.poisson(rng.gamma(1, 1, size=5000))
    days = rng.exponential(20, size=5000)
    region = rng.integers(0, 9, size=5000)
    logit = -3.6 + 0.7 * np.log(amount / 400) + 0.45 * np.sqrt(previous) - 0.02 * days + 0.3 * (region == 4)
    y = rng.random(5000) < 1 / (1 + np.exp(-logit))
    x = np.column_stack([np.log(amount), np.log1p(previous), np.log1p(days), np.eye(9)[region]])
    return stratified(x, y, seed)


def clicks(seed):
    rng = np.random.default_rng(seed)
    hour = rng.integers(0, 24, size=6000)
    position = rng.integers(1, 6, size=6000)
    device = rng.choice(3, p=[0.6, 0.3, 0.1], size=6000)
    angle = hour * np.pi / 12
    logit = -1.3 - 0.3 * position + 0.5 * (device == 0) + 0.4 * np.cos(angle - 5)
    y = rng.random(6000) < 1 / (1 + np.exp(-logit))
    x = np.column_stack([position, np.eye(3)[device], np.sin(angle), np.cos(angle)])
    return stratified(x, y, seed)


def spectra(seed):
    rng = np.random.default_rng(seed)
    wave = np.linspace(0, 1, 300)
    shapes = np.exp(-((wave - np.linspace(0.05, 0.95, 10)[:, None]) ** 2) / 0.012)
    amounts = rng.lognormal(0, 0.4, size=(2000, 10))
    x = amounts @ shapes + 0.5 * rng.normal(size=(2000, 1)) + rng.normal(0, 0.03, (2000, 300))
    y = rng.random(2000) < 1 / (1 + np.exp(0.9 - 4 * (amounts[:, 3] - amounts[:, 6])))
    return stratified(x, y, seed)


# ---------------------------------------------------------------- first script: a student's notebook


def notebook(x_train, y_train, x_test, y_test, seed):
    torch.manual_seed(seed)
    X, Y = torch.tensor(x_train), torch.tensor(y_train).float().view(-1, 1)
    X_test, Y_test = torch.tensor(x_test), torch.tensor(y_test).float().view(-1, 1)
    print("shapes", X.shape, Y.shape, X_test.shape, "share of ones", Y.mean().item())

    net = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    weight = (Y == 0).sum() / (Y == 1).sum()
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=weight)
    opt = torch.optim.Adam(net.parameters(), lr=0.002, weight_decay=0.002)

    batch = 32
    epochs = min(60, max(12, 1000 * batch // len(X)))
    for epoch in range(epochs):
        net.train()
        order = torch.randperm(len(X))
        total = 0.0
        for i in range(0, len(X), batch):
            idx = order[i : i + batch]
            loss = loss_fn(net(X[idx]), Y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            out = net(X_test)
            val_loss = loss_fn(out, Y_test).item()
        if epoch % 4 == 0 or epoch == epochs - 1:
            print(f"epoch {epoch:3d}  train loss {total / len(X):.4f}  val loss {val_loss:.4f}")

    guess = (out > 0).float()
    right_1 = guess[Y_test == 1].mean().item()
    right_0 = 1 - guess[Y_test == 0].mean().item()
    print(f"recall of the ones {right_1:.3f}, of the zeros {right_0:.3f}, balanced {(right_0 + right_1) / 2:.3f}")
    print("AUC", roc_auc_score(Y_test.numpy().ravel(), out.numpy().ravel()))


# ---------------------------------------------------------------- second script: Dataset, DataLoader, two logits


class Rows(Dataset):
    def __init__(self, features, labels):
        self.features = torch.from_numpy(features)
        self.labels = torch.from_numpy(labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.features[index], self.labels[index]


class NormedNet(nn.Module):
    def __init__(self, inputs, hidden=24, drop=0.3):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(inputs, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(drop),
            nn.Linear(hidden, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(drop),
        )
        self.head = nn.Linear(hidden, 2)

    def forward(self, batch):
        return self.head(self.body(batch))


class Trainer:
    def __init__(self, model, class_weights, epochs, lr=0.02):
        self.model, self.epochs = model, epochs
        self.criterion = nn.CrossEntropyLoss(weight=class_weights)
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, weight_decay=2e-3, nesterov=True)
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=epochs)

    def train_epoch(self, loader):
        self.model.train()
        losses = []
        for features, labels in loader:
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.criterion(self.model(features), labels)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        self.scheduler.step()
        return sum(losses) / len(losses)

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        logits, labels = zip(*[(self.model(features), labels) for features, labels in loader], strict=True)
        logits, labels = torch.cat(logits), torch.cat(labels)
        return self.criterion(logits, labels).item(), logits, labels

    def fit(self, train_loader, val_loader):
        for epoch in range(1, self.epochs + 1):
            train_loss = self.train_epoch(train_loader)
            val_loss, logits, labels = self.evaluate(val_loader)
            if epoch % 3 == 0 or epoch == self.epochs:
                print(f"[{epoch:02d}/{self.epochs}] train_loss={train_loss:.4f} val_loss={val_loss:.4f}")
        return logits, labels


def loader_run(x, y, x_val, y_val, seed):
    torch.manual_seed(seed)
    train_loader = DataLoader(Rows(x, y), batch_size=64, shuffle=True, drop_last=True)
    val_loader = DataLoader(Rows(x_val, y_val), batch_size=256)
    counts = np.bincount(y, minlength=2)
    class_weights = torch.tensor(len(y) / (2.0 * counts), dtype=torch.float32)
    trainer = Trainer(NormedNet(x.shape[1]), class_weights, epochs=24)
    logits, labels = trainer.fit(train_loader, val_loader)
    predicted = logits.argmax(dim=1)
    recalls = [(predicted[labels == c] == c).float().mean().item() for c in (0, 1)]
    print(f"balanced accuracy {sum(recalls) / 2:.3f}  (class 0 {recalls[0]:.3f}, class 1 {recalls[1]:.3f})")
    print(f"AUC {roc_auc_score(labels, logits.softmax(dim=1)[:, 1]):.4f}")


# ---------------------------------------------------------------- third script: functions and a dictionary


CONFIG = {"hidden": 20, "lr": 4e-3, "decay": 0.02, "batch": 50, "max_epochs": 80, "patience": 8}


def build(inputs, config):
    return nn.Sequential(
        nn.Linear(inputs, config["hidden"]),
        nn.GELU(),
        nn.Linear(config["hidden"], config["hidden"] // 2),
        nn.GELU(),
        nn.Linear(config["hidden"] // 2, 1),
        nn.Sigmoid(),
        nn.Flatten(0),
    )


def sweep(model, optimizer, batches, criterion):
    model.train()
    for features, labels in batches:
        optimizer.zero_grad()
        criterion(model(features), labels).backward()
        optimizer.step()


def probabilities(model, features):
    model.eval()
    with torch.inference_mode():
        return model(features)


def fit_with_patience(x, y, x_val, y_val, config):
    order = torch.randperm(len(x))
    batches = list(zip(x[order].split(config["batch"]), y[order].split(config["batch"]), strict=True))
    model = build(x.shape[1], config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config["lr"], weight_decay=config["decay"])
    criterion = nn.BCELoss()
    best, best_state, waited = math.inf, None, 0
    for epoch in range(config["max_epochs"]):
        sweep(model, optimizer, batches, criterion)
        current = criterion(probabilities(model, x_val), y_val).item()
        print(f"{epoch:2d} val loss {current:.4f}")
        if current < best - 1e-4:
            best, best_state, waited = current, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited == config["patience"]:
                break
    model.load_state_dict(best_state)
    return model


def patience_run(x, y, x_val, y_val, seed, config=CONFIG):
    torch.manual_seed(seed)
    x, x_val = torch.as_tensor(x), torch.as_tensor(x_val)
    y, y_val = torch.as_tensor(y, dtype=torch.float32), torch.as_tensor(y_val, dtype=torch.float32)
    model = fit_with_patience(x, y, x_val, y_val, config)
    p = probabilities(model, x_val)
    cut = y.mean()
    print(f"restored: val loss {F.binary_cross_entropy(p, y_val).item():.4f}")
    print(f"cut at the base rate {cut:.3f}: balanced accuracy {balanced_accuracy_score(y_val, p > cut):.3f}")
    print(f"AUC {roc_auc_score(y_val, p):.4f}, average precision {average_precision_score(y_val, p):.4f}")


# ---------------------------------------------------------------- fourth script: research code


class ResidualBlock(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, h):
        return h + self.dropout(self.down(F.silu(self.up(self.norm(h)))))


class ResidualNet(nn.Module):
    def __init__(self, in_features, width, depth, dropout):
        super().__init__()
        self.stem = nn.Linear(in_features, width)
        self.blocks = nn.ModuleList([ResidualBlock(width, dropout) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        h = self.stem(x)
        for block in self.blocks:
            h = block(h)
        return self.out(self.norm(h)).squeeze(-1)


def gather(model, loader, device):
    model.eval()
    scores, targets = [], []
    with torch.no_grad():
        for xb, yb in loader:
            scores.append(torch.sigmoid(model(xb.to(device))).cpu().numpy())
            targets.append(yb.numpy())
    return np.concatenate(scores).astype(np.float64), np.concatenate(targets)


def research_run(x, y, x_val, y_val, seed):
    args = SimpleNamespace(width=24, depth=2, dropout=0.25, lr=2e-3, wd=0.05, batch_size=64, epochs=16, warmup=0.1,
                           clip=1.0, device="cpu")  # fmt: skip
    torch.manual_seed(seed)
    train_set = TensorDataset(torch.from_numpy(x), torch.from_numpy(y).float())
    val_set = TensorDataset(torch.from_numpy(x_val), torch.from_numpy(y_val).float())
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    plain_loader = DataLoader(train_set, batch_size=512)
    val_loader = DataLoader(val_set, batch_size=512)

    model = ResidualNet(x.shape[1], args.width, args.depth, args.dropout).to(args.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=args.wd)
    total_steps = args.epochs * len(train_loader)
    warmup_steps = max(1, int(args.warmup * total_steps))

    def factor(step):
        if step < warmup_steps:
            return (step + 1) / warmup_steps
        return 0.5 * (1 + math.cos(math.pi * (step - warmup_steps) / (total_steps - warmup_steps)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    for epoch in range(args.epochs):
        model.train()
        for xb, yb in train_loader:
            loss = F.binary_cross_entropy_with_logits(model(xb.to(args.device)), yb.to(args.device))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), args.clip)
            optimizer.step()
            scheduler.step()
        p_val, t_val = gather(model, val_loader, args.device)
        print(f"epoch={epoch} last_batch={loss.item():.4f} val_loss={log_loss(t_val, p_val):.4f}")

    p_train, t_train = gather(model, plain_loader, args.device)
    fpr, tpr, cuts = roc_curve(t_train, p_train)
    cut = cuts[np.argmax(tpr - fpr)]
    metrics = {
        "auc": roc_auc_score(t_val, p_val),
        "ap": average_precision_score(t_val, p_val),
        "brier": brier_score_loss(t_val, p_val),
        "balanced accuracy": balanced_accuracy_score(t_val, p_val >= cut),
    }
    print(f"cut from the training rows {cut:.3f}", {name: round(float(value), 4) for name, value in metrics.items()})


# ---------------------------------------------------------------- notebook on ten tables


@case("healthy")
def notebook_on_income_three_columns(seed: int) -> None:
    x, y, x_val, y_val = income_three_columns(seed)
    notebook(x, y, x_val, y_val, seed)


@case("healthy")
def notebook_on_mushroom_caps(seed: int) -> None:
    x, y, x_val, y_val = mushroom_caps(seed)
    notebook(x, y, x_val, y_val, seed)


@case("healthy")
def notebook_on_payments_by_user(seed: int) -> None:
    x, y, x_val, y_val = payments_by_user(seed)
    notebook(x, y, x_val, y_val, seed)


@case("healthy")
def notebook_on_loans(seed: int) -> None:
    x, y, x_val, y_val = loans(seed)
    notebook(x, y, x_val, y_val, seed)


@case("healthy")
def notebook_on_churners(seed: int) -> None:
    x, y, x_val, y_val = churners(seed)
    notebook(x, y, x_val, y_val, seed)


@case("healthy")
def notebook_on_letters_of_mail(seed: int) -> None:
    x, y, x_val, y_val = letters_of_mail(seed)
    notebook(x, y, x_val, y_val, seed)


@case("healthy")
def notebook_on_spectra(seed: int) -> None:
    x, y, x_val, y_val = spectra(seed)
    notebook(x, y, x_val, y_val, seed)


@case("healthy")
def notebook_on_passed_inspection(seed: int) -> None:
    x, y, x_val, y_val = passed_inspection(seed)
    notebook(x, y, x_val, y_val, seed)


@case("healthy")
def notebook_on_clicks(seed: int) -> None:
    x, y, x_val, y_val = clicks(seed)
    notebook(x, y, x_val, y_val, seed)


@case("healthy")
def notebook_on_thyroid_well(seed: int) -> None:
    x, y, x_val, y_val = thyroid_well(seed)
    notebook(x, y, x_val, y_val, seed)


# ---------------------------------------------------------------- loaders on ten tables


@case("healthy")
def loaders_on_bike_days_later(seed: int) -> None:
    x, y, x_val, y_val = bike_days_later(seed)
    loader_run(x, y, x_val, y_val, seed)


@case("healthy")
def loaders_on_masses_shape_only(seed: int) -> None:
    x, y, x_val, y_val = masses_shape_only(seed)
    loader_run(x, y, x_val, y_val, seed)


@case("healthy")
def loaders_on_loans_four_columns(seed: int) -> None:
    x, y, x_val, y_val = loans_four_columns(seed)
    loader_run(x, y, x_val, y_val, seed)


@case("healthy")
def loaders_on_churners_five_columns(seed: int) -> None:
    x, y, x_val, y_val = churners_five_columns(seed)
    loader_run(x, y, x_val, y_val, seed)


@case("healthy")
def loaders_on_even_digits(seed: int) -> None:
    x, y, x_val, y_val = even_digits(seed)
    loader_run(x, y, x_val, y_val, seed)


@case("healthy")
def loaders_on_questionnaire(seed: int) -> None:
    x, y, x_val, y_val = questionnaire(seed)
    loader_run(x, y, x_val, y_val, seed)


@case("healthy")
def loaders_on_progression(seed: int) -> None:
    x, y, x_val, y_val = progression(seed)
    loader_run(x, y, x_val, y_val, seed)


@case("healthy")
def loaders_on_pumps_drifting(seed: int) -> None:
    x, y, x_val, y_val = pumps_drifting(seed)
    loader_run(x, y, x_val, y_val, seed)


@case("healthy")
def loaders_on_income_of_the_single(seed: int) -> None:
    x, y, x_val, y_val = income_of_the_single(seed)
    loader_run(x, y, x_val, y_val, seed)


@case("healthy")
def loaders_on_clicks(seed: int) -> None:
    x, y, x_val, y_val = clicks(seed)
    loader_run(x, y, x_val, y_val, seed)


# ---------------------------------------------------------------- patience on ten tables


@case("healthy")
def patience_on_thyroid_labs(seed: int) -> None:
    x, y, x_val, y_val = thyroid_labs(seed)
    patience_run(x, y, x_val, y_val, seed)


@case("healthy")
def patience_on_clinic_visits(seed: int) -> None:
    x, y, x_val, y_val = clinic_visits(seed)
    patience_run(x, y, x_val, y_val, seed)


@case("healthy")
def patience_on_claims(seed: int) -> None:
    x, y, x_val, y_val = claims(seed)
    patience_run(x, y, x_val, y_val, seed)


@case("healthy")
def patience_on_progression(seed: int) -> None:
    x, y, x_val, y_val = progression(seed)
    patience_run(x, y, x_val, y_val, seed)


@case("healthy")
def patience_on_shops(seed: int) -> None:
    x, y, x_val, y_val = shops(seed)
    patience_run(x, y, x_val, y_val, seed)


@case("healthy")
def patience_on_works_for_the_state(seed: int) -> None:
    x, y, x_val, y_val = works_for_the_state(seed)
    patience_run(x, y, x_val, y_val, seed)


@case("healthy")
def patience_on_masses(seed: int) -> None:
    x, y, x_val, y_val = masses(seed)
    patience_run(x, y, x_val, y_val, seed)


@case("healthy")
def patience_on_mushroom_caps(seed: int) -> None:
    x, y, x_val, y_val = mushroom_caps(seed)
    patience_run(x, y, x_val, y_val, seed)


@case("healthy")
def patience_on_payments_later_without_user(seed: int) -> None:
    x, y, x_val, y_val = payments_later_without_user(seed)
    patience_run(x, y, x_val, y_val, seed)


@case("healthy")
def patience_on_mail_dozen_words(seed: int) -> None:
    x, y, x_val, y_val = mail_dozen_words(seed)
    patience_run(x, y, x_val, y_val, seed)


# ---------------------------------------------------------------- research on ten tables


@case("healthy")
def research_on_loans(seed: int) -> None:
    x, y, x_val, y_val = loans(seed)
    research_run(x, y, x_val, y_val, seed)


@case("healthy")
def research_on_masses(seed: int) -> None:
    x, y, x_val, y_val = masses(seed)
    research_run(x, y, x_val, y_val, seed)


@case("healthy")
def research_on_mushroom_caps(seed: int) -> None:
    x, y, x_val, y_val = mushroom_caps(seed)
    research_run(x, y, x_val, y_val, seed)


@case("healthy")
def research_on_payments_later_without_user(seed: int) -> None:
    x, y, x_val, y_val = payments_later_without_user(seed)
    research_run(x, y, x_val, y_val, seed)


@case("healthy")
def research_on_loans_four_columns(seed: int) -> None:
    x, y, x_val, y_val = loans_four_columns(seed)
    research_run(x, y, x_val, y_val, seed)


@case("healthy")
def research_on_spectra(seed: int) -> None:
    x, y, x_val, y_val = spectra(seed)
    research_run(x, y, x_val, y_val, seed)


@case("healthy")
def research_on_shops(seed: int) -> None:
    x, y, x_val, y_val = shops(seed)
    research_run(x, y, x_val, y_val, seed)


@case("healthy")
def research_on_income_of_the_single(seed: int) -> None:
    x, y, x_val, y_val = income_of_the_single(seed)
    research_run(x, y, x_val, y_val, seed)


@case("healthy")
def research_on_pumps_drifting(seed: int) -> None:
    x, y, x_val, y_val = pumps_drifting(seed)
    research_run(x, y, x_val, y_val, seed)


@case("healthy")
def research_on_income_three_columns(seed: int) -> None:
    x, y, x_val, y_val = income_three_columns(seed)
    research_run(x, y, x_val, y_val, seed)


# ---------------------------------------------------------------- single scripts


class SmallConv(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(12, 24, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
        )
        self.head = nn.Linear(96, classes)

    def forward(self, images):
        return self.head(self.backbone(images))


@case("healthy")
def pretrained_digits_backbone_kept_frozen(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    images = torch.from_numpy(bunch.images).float().unsqueeze(1) / 16
    digit = torch.from_numpy(bunch.target).long()

    low = digit < 6
    net = SmallConv(6)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(images[low], digit[low]), batch_size=64, shuffle=True)
    for _ in range(12):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            optimizer.step()

    high = torch.isin(digit, torch.tensor([8, 9]))
    x, y = images[high], (digit[high] == 8).float()
    train, val = train_test_split(np.arange(len(y)), test_size=0.4, stratify=y.numpy(), random_state=seed)
    for weight in net.backbone.parameters():
        weight.requires_grad_(False)
    net.head = nn.Linear(96, 1)
    optimizer = torch.optim.Adam(net.head.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(x[train], y[train]), batch_size=32, shuffle=True)
    for epoch in range(45):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(net(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            logits = net(x[val]).squeeze(1)
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1} train {loss.item():.4f} val loss {criterion(logits, y[val]).item():.4f}")
    print(f"accuracy {((logits > 0) == y[val].bool()).float().mean().item():.3f}")
    print(f"AUC {roc_auc_score(y[val], logits):.4f}")


@case("healthy")
def micro_batches_of_eight_summed_to_sixty_four(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed)
    x, xv = x.clamp(-4, 4), xv.clamp(-4, 4)
    model = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    criterion = nn.BCEWithLogitsLoss()
    accumulate = 8
    loader = DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True, drop_last=True)
    for epoch in range(14):
        model.train()
        optimizer.zero_grad()
        running = 0.0
        for number, (xb, yb) in enumerate(loader, start=1):
            loss = criterion(model(xb)[:, 0], yb)
            (loss / accumulate).backward()
            running += loss.item()
            if number % accumulate == 0 or number == len(loader):
                optimizer.step()
                optimizer.zero_grad()
        model.eval()
        with torch.no_grad():
            logits = model(xv)[:, 0]
        print(f"epoch {epoch}: loss {running / len(loader):.4f}, val loss {criterion(logits, yv).item():.4f}")
    print("accuracy", ((logits > 0).float() == yv).float().mean().item())
    print("AUC", roc_auc_score(yv, logits))


class PulseReader(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.gru = nn.GRU(2, hidden, batch_first=True)
        self.score = nn.Linear(hidden, 1)

    def forward(self, series):
        states, _ = self.gru(series)
        return self.score(states.mean(dim=1)).squeeze(1)


@case("healthy")
def gru_on_two_channels_with_small_clip(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    y = (rng.random(900) < 0.4).astype("float32")
    steps = np.arange(30)
    phase = rng.uniform(0, 2 * np.pi, (900, 1))
    first = np.sin(steps * 0.4 + phase) + rng.normal(0, 0.6, (900, 30))
    lag = np.where(y[:, None] == 1, 0.9, 0.0)
    second = np.sin(steps * 0.4 + phase - lag) + rng.normal(0, 0.6, (900, 30))
    x = torch.tensor(np.stack([first, second], axis=2), dtype=torch.float32)
    y = torch.tensor(y)
    x_train, y_train, x_val, y_val = x[:650], y[:650], x[650:], y[650:]

    net = PulseReader()
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.85)
    best, kept = math.inf, None
    for epoch in range(25):
        net.train()
        for idx in torch.randperm(650).split(50):
            loss = F.binary_cross_entropy_with_logits(net(x_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), max_norm=0.25)
            optimizer.step()
        schedule.step()
        net.eval()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(net(x_val), y_val).item()
        print(f"{epoch} loss {loss.item():.3f} val loss {val_loss:.4f}")
        if val_loss < best:
            best, kept = val_loss, copy.deepcopy(net.state_dict())
    net.load_state_dict(kept)
    with torch.no_grad():
        scores = net(x_val)
    print(f"kept val loss {best:.4f} accuracy {((scores > 0) == (y_val == 1)).float().mean().item():.3f}")
    print(f"AUC {roc_auc_score(y_val, scores):.4f}")


@case("healthy")
def wide_text_net_with_seventy_percent_dropout(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = [torch.from_numpy(part) for part in messages(seed, words=600)]
    x, xv = x.clamp(-3, 3), xv.clamp(-3, 3)

    class Wide(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(600, 128)
            self.second = nn.Linear(128, 1)
            self.drop = nn.Dropout(0.7)

        def forward(self, counts):
            return self.second(self.drop(torch.relu(self.first(self.drop(counts))))).flatten()

    wide = Wide()
    optimizer = torch.optim.Adam(wide.parameters(), lr=1e-3)
    for epoch in range(12):
        wide.train()
        for idx in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(wide(x[idx]), y[idx].float())
            loss.backward()
            optimizer.step()
        wide.eval()
        with torch.no_grad():
            z = wide(xv)
            print(f"epoch {epoch} batch {loss.item():.3f} val loss "
                  f"{F.binary_cross_entropy_with_logits(z, yv.float()).item():.4f}")  # fmt: skip
    print(f"F1 {f1_score(yv, z > 0):.3f} balanced {balanced_accuracy_score(yv, z > 0):.3f}")
    print(f"AUC {roc_auc_score(yv, z):.4f}")


@case("healthy")
def last_layer_starts_at_zero_with_prior_as_bias(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = [torch.from_numpy(part) for part in churners(seed)]
    y, y_val = y.float(), y_val.float()
    hidden, out = nn.Linear(x.shape[1], 32), nn.Linear(32, 1)
    nn.init.zeros_(out.weight)
    nn.init.constant_(out.bias, torch.logit(y.mean()).item())
    model = nn.Sequential(hidden, nn.ReLU(), nn.Dropout(0.1), out)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(16):
        model.train()
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss_fn(model(x[rows]).squeeze(1), y[rows]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            train_loss = loss_fn(model(x).squeeze(1), y).item()
            z = model(x_val).squeeze(1)
        print(f"{epoch:2d} train loss {train_loss:.4f} val loss {loss_fn(z, y_val).item():.4f}")
    flagged = torch.sigmoid(z) > y.mean()
    print(f"flagged above the base rate: balanced accuracy {balanced_accuracy_score(y_val, flagged):.3f}")
    print(f"AUC {roc_auc_score(y_val, z):.4f}, average precision {average_precision_score(y_val, z):.4f}")


@case("healthy")
def two_logits_with_label_smoothing(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = [torch.from_numpy(part) for part in junctions(seed)]
    sites, sites_val = x.view(-1, 4, 60), x_val.view(-1, 4, 60)
    net = nn.Sequential(
        nn.Conv1d(4, 16, 9, padding=4),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(16 * 60, 2),
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    loader = DataLoader(TensorDataset(sites, y), batch_size=64, shuffle=True)
    for epoch in range(7):
        net.train()
        total = 0.0
        for xb, yb in loader:
            loss = criterion(net(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(yb)
        net.eval()
        with torch.no_grad():
            logits = net(sites_val)
            val = criterion(logits, y_val).item()
        print(f"epoch {epoch + 1}: smoothed loss {total / len(y):.4f} | val loss {val:.4f}")
    print(f"accuracy {(logits.argmax(1) == y_val).float().mean().item():.4f}")
    print(f"AUC {roc_auc_score(y_val, (logits[:, 1] - logits[:, 0]).numpy()):.4f}")


@case("healthy")
def thyroid_with_pos_weight_of_twenty(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = [torch.from_numpy(part) for part in thyroid_labs(seed)]
    y, y_val = y.float(), y_val.float()
    weight = (len(y) - y.sum()) / y.sum()
    print(f"positives {y.sum().item():.0f} of {len(y)}, weight {weight.item():.1f}")
    model = nn.Sequential(nn.Linear(x.shape[1], 12), nn.Tanh(), nn.Linear(12, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=3e-3)
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    for epoch in range(20):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]).squeeze(1), y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            z = model(x_val).squeeze(1)
        print(f"epoch {epoch} weighted train loss {loss.item():.4f} val loss {criterion(z, y_val).item():.4f}")
    print(f"balanced accuracy {balanced_accuracy_score(y_val, z > 0):.3f}")
    print(f"AUC {roc_auc_score(y_val, z):.4f}")


@case("healthy")
def one_cycle_up_to_five_hundredths(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = [torch.from_numpy(part) for part in even_digits(seed)]
    y, yv = y.float(), yv.float()
    net = nn.Sequential(nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 1))
    epochs = 15
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True, drop_last=True)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.002, momentum=0.9)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.05, epochs=epochs, steps_per_epoch=len(loader))
    for epoch in range(epochs):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).view(-1), yb)
            loss.backward()
            optimizer.step()
            cycle.step()
        net.eval()
        with torch.no_grad():
            z = net(xv).view(-1)
            val_loss = F.binary_cross_entropy_with_logits(z, yv).item()
        print(f"{epoch} lr {cycle.get_last_lr()[0]:.4f} batch loss {loss.item():.4f} val loss {val_loss:.4f}")
    print(f"accuracy {((z > 0) == yv.bool()).float().mean().item():.3f} AUC {roc_auc_score(yv, z):.4f}")


@case("healthy")
def whole_table_steps_with_rate_one_half(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = [torch.from_numpy(part) for part in progression(seed)]
    y, yv = y.float(), yv.float()
    w = torch.zeros(x.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    rate, ridge = 0.5, 0.02
    for step in range(1, 201):
        loss = F.binary_cross_entropy_with_logits(x @ w + b, y) + ridge * w.square().sum() / 2
        gw, gb = torch.autograd.grad(loss, (w, b))
        with torch.no_grad():
            w -= rate * gw
            b -= rate * gb
        if step % 20 == 0:
            with torch.no_grad():
                val_loss = F.binary_cross_entropy_with_logits(xv @ w + b, yv)
            print(f"step {step:3d} objective {loss.item():.4f} val loss {val_loss.item():.4f}")
    score = (xv @ w + b).detach().numpy()
    print(f"accuracy {((score > 0) == (yv.numpy() == 1)).mean():.3f}")
    print(f"AUC {roc_auc_score(yv, score):.4f}")


@case("healthy")
def scores_taken_with_the_graph_and_detached(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.ELU(), nn.Linear(24, 24), nn.ELU(), nn.Linear(24, 1), nn.Flatten(0))
    optimizer = torch.optim.RMSprop(model.parameters(), lr=6e-3)
    shrink = torch.optim.lr_scheduler.StepLR(optimizer, step_size=40, gamma=0.2)
    losses = []
    for epoch in range(60):
        model.train()
        for part in torch.randperm(len(x)).split(40):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[part]), y[part])
            loss.backward()
            optimizer.step()
        shrink.step()
        model.eval()
        z = model(xv)
        losses.append(F.binary_cross_entropy_with_logits(z, yv).item())
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1} val loss {losses[-1]:.4f}")
    z = z.detach().numpy()
    print(f"accuracy {np.mean((z > 0) == (yv.numpy() == 1)):.3f} AUC {roc_auc_score(yv.numpy(), z):.4f}")


@case("healthy")
def sixty_irises(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_iris()
    two = bunch.target > 0
    x, y, xv, yv = [torch.from_numpy(a) for a in stratified(bunch.data[two], bunch.target[two] == 2, seed, share=0.4)]
    y, yv = y.float(), yv.float()
    net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02, weight_decay=0.03)
    for epoch in range(72):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(x).squeeze(1), y)
        loss.backward()
        optimizer.step()
        if epoch % 6 == 5:
            with torch.no_grad():
                z = net(xv).squeeze(1)
            val_loss = F.binary_cross_entropy_with_logits(z, yv).item()
            print(f"epoch {epoch + 1:3d} loss {loss.item():.4f} val loss {val_loss:.4f}")
    print(f"{((z > 0) == yv.bool()).sum().item()} of {len(yv)} right, AUC {roc_auc_score(yv, z):.3f}")


@case("healthy")
def fourteen_layers_of_ten_units(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = [torch.from_numpy(part) for part in letters_of_mail(seed)]
    y, yv = y.float(), yv.float()
    layers = [nn.Linear(x.shape[1], 10), nn.SELU()]
    for _ in range(12):
        layers += [nn.Linear(10, 10), nn.SELU()]
    layers.append(nn.Linear(10, 1))
    for layer in layers[::2]:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
        nn.init.zeros_(layer.bias)
    net = nn.Sequential(*layers)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    for epoch in range(10):
        net.train()
        total = 0.0
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(rows)
        schedule.step()
        net.eval()
        with torch.no_grad():
            z = net(xv).squeeze(1)
            val_loss = F.binary_cross_entropy_with_logits(z, yv).item()
        print(f"epoch {epoch}: {total / len(x):.4f}, val loss {val_loss:.4f}")
    print(f"accuracy {((z > 0) == yv.bool()).float().mean().item():.4f} AUC {roc_auc_score(yv, z):.4f}")


@case("healthy")
def bfloat16_autocast_on_the_processor(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = [torch.from_numpy(part) for part in eights(seed)]
    images, images_val = x.view(-1, 1, 8, 8), xv.view(-1, 1, 8, 8)
    net = SmallConv(1)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(net.parameters(), lr=5e-3)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=24)
    loader = DataLoader(TensorDataset(images, y.float()), batch_size=64, shuffle=True)
    for epoch in range(24):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = net(xb).squeeze(1)
            loss = criterion(logits.float(), yb)
            loss.backward()
            optimizer.step()
        cosine.step()
        net.eval()
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            z = net(images_val).squeeze(1)
        z = z.float()
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {criterion(z, yv.float()).item():.4f}")
    print(f"F1 {f1_score(yv, z > 0):.3f} balanced accuracy {balanced_accuracy_score(yv, z > 0):.3f}")
    print(f"AUC {roc_auc_score(yv, z):.4f}")


@case("healthy")
def adamw_with_decay_of_one_tenth(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = [torch.from_numpy(part) for part in loans(seed)]
    y, yv = y.float(), yv.float()
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.LeakyReLU(0.1), nn.Linear(32, 1))
    with_decay = [p for p in model.parameters() if p.ndim > 1]
    without = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW([{"params": with_decay, "weight_decay": 0.1},
                                   {"params": without, "weight_decay": 0.0}], lr=1e-3)  # fmt: skip
    for epoch in range(10):
        model.train()
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x[rows]).squeeze(1), y[rows]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            z, z_train = model(xv).squeeze(1), model(x).squeeze(1)
            train_loss = F.binary_cross_entropy_with_logits(z_train, y).item()
            val_loss = F.binary_cross_entropy_with_logits(z, yv).item()
        print(f"epoch {epoch + 1:2d} train loss {train_loss:.4f} val loss {val_loss:.4f}")
    cut = torch.quantile(z_train, 1 - y.mean())
    print(f"cut {cut.item():.2f}: balanced accuracy {balanced_accuracy_score(yv, z > cut):.3f}")
    print(f"AUC {roc_auc_score(yv, z):.4f}")


@case("healthy")
def mean_of_five_nets_on_resampled_rows(seed: int) -> None:
    x, y, xv, yv = [torch.from_numpy(part) for part in tumours(seed)]
    y, yv = y.float(), yv.float()
    votes = []
    for member in range(5):
        torch.manual_seed(100 * seed + member)
        drawn = torch.randint(len(x), (len(x),))
        net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
        optimizer = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-2)
        for _ in range(20):
            for rows in drawn[torch.randperm(len(drawn))].split(32):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            votes.append(torch.sigmoid(net(xv).squeeze(1)))
        mean = torch.stack(votes).mean(dim=0)
        print(f"{member + 1} members: val loss {F.binary_cross_entropy(mean, yv).item():.4f}, "
              f"accuracy {((mean > 0.5) == yv.bool()).float().mean().item():.3f}")  # fmt: skip
    print(f"AUC {roc_auc_score(yv, mean):.4f}")


@case("healthy")
def focal_loss_on_card_payments(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = [torch.from_numpy(part) for part in payments_by_user(seed)]
    y, yv = y.float(), yv.float()

    def focal(z, target, gamma=2.0):
        plain = F.binary_cross_entropy_with_logits(z, target, reduction="none")
        p_right = torch.exp(-plain)
        return ((1 - p_right) ** gamma * plain).mean()

    net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(12):
        for rows in torch.randperm(len(x)).split(128):
            optimizer.zero_grad()
            loss = focal(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            z_train, z = net(x).squeeze(1), net(xv).squeeze(1)
        print(f"epoch {epoch} focal {focal(z_train, y).item():.5f} val loss {focal(z, yv).item():.5f}")
    fpr, tpr, cuts = roc_curve(y.numpy(), z_train.numpy())
    cut = cuts[np.argmax(tpr - fpr)]
    print(f"average precision {average_precision_score(yv, z):.3f} at a base rate of {yv.mean().item():.3f}")
    print(f"cut chosen on the training rows: balanced accuracy {balanced_accuracy_score(yv, z > cut):.3f}")
    print(f"AUC {roc_auc_score(yv, z):.4f}")
