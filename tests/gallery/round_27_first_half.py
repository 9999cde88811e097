"""Trainings of binary classifiers, broken and sound: outputs, losses, labels, inputs and how rows are handled."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from case import case
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


def frame(name):
    """Return one of the tables, without duplicate rows, and its labels."""
    d = load(name).distinct()
    return d.features.copy(), d.labels.copy()


def encoded(name, seed, test_size=0.25):
    """One-hot the categories, impute with the training medians, standardise with the training statistics."""
    df, y = frame(name)
    df = df.drop(columns=["state", "area_code"], errors="ignore")
    numeric = list(df.select_dtypes("number").columns)
    df = pd.get_dummies(df, dtype=float)
    train, val = train_test_split(np.arange(len(y)), test_size=test_size, stratify=y, random_state=seed)
    df[numeric] = df[numeric].fillna(df.iloc[train][numeric].median())
    scaler = StandardScaler().fit(df.iloc[train])
    x = torch.tensor(scaler.transform(df), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    return x[train], y[train], x[val], y[val]


def splice_onehot():
    """DNA windows as [rows, 4 letters, 60 positions] and whether there is a junction in the middle."""
    df = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    codes = np.array([["ACGT".find(letter) for letter in row] for row in df["sequence"]])
    x = np.stack([(codes == k) for k in range(4)], axis=1).astype(np.float32)
    return x, df["is_junction"].to_numpy()


def first_names():
    """Each census name once, with the list (1 = men) in which it is the more frequent."""
    df = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    df = df.sort_values("percent", ascending=False, kind="stable").drop_duplicates("name")
    return df["name"].tolist(), (df["list"] == "M").to_numpy().astype(np.int64)


# ------------------------------------------------------------------ outputs and losses


class CreditNet(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.hidden1 = nn.Linear(n_in, 48)
        self.hidden2 = nn.Linear(48, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        x = F.relu(self.hidden1(x))
        x = F.relu(self.hidden2(x))
        return torch.sigmoid(self.out(x)).squeeze(1)


@case("double_sigmoid")
def credit_everyone_is_called_a_bad_payer(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("credit_data", seed)
    model = CreditNet(x_train.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    for _epoch in range(8):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            prob = torch.sigmoid(model(x_val))
            val_loss = criterion(model(x_val), y_val).item()
    pred = (prob > 0.5).float()
    print(f"loss {val_loss:.3f} acc {accuracy_score(y_val, pred):.3f} auc {roc_auc_score(y_val, prob):.3f}")


@case("double_sigmoid")
def hypothyroid_patients_never_found_by_probability_head(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("hypothyroid", seed)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
    for _epoch in range(25):
        order = torch.randperm(len(x_train))
        for idx in order.split(100):
            opt.zero_grad()
            out = net(x_train[idx])
            loss = F.binary_cross_entropy_with_logits(out, y_train[idx].unsqueeze(1))
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = net(x_val).squeeze(1)
        val_loss = F.binary_cross_entropy_with_logits(p, y_val)
    print(f"loss {val_loss:.3f} recall {recall_score(y_val, p > 0.5):.3f} ap {average_precision_score(y_val, p):.3f}")


class CreditLogits(CreditNet):
    """Gives logits while it is trained and probabilities when it is used."""

    def forward(self, x):
        x = F.relu(self.hidden1(x))
        x = F.relu(self.hidden2(x))
        z = self.out(x).squeeze(1)
        return z if self.training else torch.sigmoid(z)


@case("healthy")
def credit_net_gives_probabilities_only_in_eval_mode(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("credit_data", seed)
    model = CreditLogits(x_train.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    for _epoch in range(7):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            prob = model(x_val)
            val_loss = F.binary_cross_entropy(prob, y_val).item()
    print(f"loss {val_loss:.3f} acc {accuracy_score(y_val, prob > 0.5):.3f} auc {roc_auc_score(y_val, prob):.3f}")


@case("softmax_before_ce")
def churn_classifier_with_probabilities_inside(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("mlc_churn", seed)
    y_train, y_val = y_train.long(), y_val.long()
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(dim=1)
    )
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.8)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    history = []
    for _epoch in range(15):
        for xb, yb in loader:
            loss = loss_fn(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            scores = model(x_val)
            history.append(loss_fn(scores, y_val).item())
    pred = scores.argmax(dim=1)
    print(f"loss {history[-1]:.3f} acc {accuracy_score(y_val, pred):.3f} recall {recall_score(y_val, pred):.3f}")


class JunctionCNN(nn.Module):
    def __init__(self, channels=24):
        super().__init__()
        self.conv1 = nn.Conv1d(4, channels, 7, padding=3)
        self.conv2 = nn.Conv1d(channels, channels, 5, padding=2)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(channels * 15, 2)

    def forward(self, x):
        x = F.max_pool1d(F.relu(self.conv1(x)), 2)
        x = F.max_pool1d(F.relu(self.conv2(x)), 2)
        return self.head(self.drop(x.flatten(1)))


@case("healthy")
def splice_cnn_with_smoothed_labels_and_two_outputs(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_onehot()
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    xa, xb, ya, yb = torch.tensor(xa), torch.tensor(xb), torch.tensor(ya), torch.tensor(yb)
    model = JunctionCNN()
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    loader = DataLoader(TensorDataset(xa, ya), batch_size=64, shuffle=True)
    steps = 6 * len(loader)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=4e-3, total_steps=steps)
    for _epoch in range(6):
        model.train()
        for inputs, targets in loader:
            opt.zero_grad()
            F.cross_entropy(model(inputs), targets, label_smoothing=0.05).backward()
            opt.step()
            sched.step()
        model.eval()
        with torch.no_grad():
            logits = model(xb)
            val_loss = F.cross_entropy(logits, yb).item()
    p = logits.softmax(dim=1)[:, 1]
    print(f"loss {val_loss:.3f} acc {accuracy_score(yb, logits.argmax(1)):.3f} auc {roc_auc_score(yb, p):.3f}")


def my_bce(prediction, target, eps=1e-6):
    p = prediction.clamp(eps, 1 - eps)
    return -(target * p.log() + (1 - target) * (1 - p).log()).mean()


@case("bce_on_logits")
def hypothyroid_own_cross_entropy_formula(seed: int) -> None:
    torch.manual_seed(seed)
    xt, yt, xv, yv = encoded("hypothyroid", seed, test_size=0.3)
    model = nn.Sequential(nn.Linear(xt.shape[1], 20), nn.Tanh(), nn.Linear(20, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _epoch in range(15):
        for idx in torch.randperm(len(xt)).split(32):
            output = model(xt[idx]).squeeze(1)
            loss = my_bce(output, yt[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            val_out = model(xv).squeeze(1)
            val_loss = my_bce(val_out, yv).item()
    print(f"loss {val_loss:.3f} recall {recall_score(yv, val_out > 0.5):.3f} auc {roc_auc_score(yv, val_out):.3f}")


@case("healthy")
def breast_cancer_own_cross_entropy_on_sigmoid(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = load_breast_cancer(return_X_y=True)
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(xt)
    xt, xv = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in (xt, xv))
    yt, yv = (torch.tensor(part, dtype=torch.float32) for part in (yt, yv))
    w = torch.zeros(30, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=0.05)
    for _epoch in range(25):
        for idx in torch.randperm(len(xt)).split(32):
            loss = my_bce(1 / (1 + torch.exp(-(xt[idx] @ w + b))), yt[idx]) + 1e-3 * (w**2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            val_p = torch.sigmoid(xv @ w + b)
            val_loss = my_bce(val_p, yv).item()
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, val_p > 0.5):.3f} auc {roc_auc_score(yv, val_p):.3f}")


@dataclass
class SpamConfig:
    hidden: int = 64
    lr: float = 1e-3
    batch: int = 128
    epochs: int = 6


@case("ce_single_output")
def spam_mail_cross_entropy_is_zero_from_the_start(seed: int) -> None:
    cfg = SpamConfig()
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("spambase", seed)
    y_train, y_val = y_train.view(-1, 1), y_val.view(-1, 1)
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], cfg.hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(cfg.hidden, 1)
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    loader = DataLoader(TensorDataset(x_train, y_train), cfg.batch, shuffle=True)
    for _epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
            acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"loss {total / len(x_train):.4f} acc {acc:.3f}")


@case("softmax_single_output")
def splice_logistic_conv_net_says_one_for_all(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_onehot()
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
    train = TensorDataset(torch.tensor(xa), torch.tensor(ya).float())
    xb, yb = torch.tensor(xb), torch.tensor(yb).float()
    model = nn.Sequential(
        nn.Conv1d(4, 16, 9, padding=4), nn.ReLU(), nn.MaxPool1d(4), nn.Flatten(), nn.Linear(240, 1), nn.Softmax(dim=1)
    )
    loss_fn = nn.BCELoss()
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    for epoch in range(6):
        for inputs, targets in DataLoader(train, batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = loss_fn(model(inputs)[:, 0], targets)
            loss.backward()
            opt.step()
        with torch.no_grad():
            p = model(xb)[:, 0]
            print(f"epoch {epoch} loss {loss_fn(p, yb):.3f} acc {((p > 0.5) == yb.bool()).float().mean():.3f}")


@case("nll_on_probabilities")
def adult_income_likelihood_loss_goes_below_zero(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(4000, random_state=seed)
    y = df.pop("income_gt_50k").to_numpy()
    x = pd.get_dummies(df.drop(columns=["race", "gender", "education"]), dtype=float).to_numpy()
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(xt)
    xt, xv = torch.tensor(scaler.transform(xt)).float(), torch.tensor(scaler.transform(xv)).float()
    yt, yv = torch.tensor(yt), torch.tensor(yv)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.5)
    for _epoch in range(8):
        for idx in torch.randperm(len(xt)).split(100):
            probabilities = F.softmax(net(xt[idx]), dim=1)
            loss = F.nll_loss(probabilities, yt[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = F.softmax(net(xv), dim=1)
        val_loss = F.nll_loss(p, yv)
    pred = p.argmax(dim=1)
    print(f"loss {val_loss:.3f} log loss {F.nll_loss(p.log(), yv):.3f} f1 {f1_score(yv, pred):.3f} "
          f"auc {roc_auc_score(yv, p[:, 1]):.3f}")  # fmt: skip


@case("healthy")
def adult_income_log_softmax_with_nll(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(4000, random_state=seed)
    y = df.pop("income_gt_50k").to_numpy()
    df["capital-gain"] = np.log1p(df["capital-gain"])
    df["capital-loss"] = np.log1p(df["capital-loss"])
    x = pd.get_dummies(df.drop(columns=["race", "gender", "education", "native-country"]), dtype=float).to_numpy()
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(xt)
    xt, xv = torch.tensor(scaler.transform(xt)).float(), torch.tensor(scaler.transform(xv)).float()
    yt, yv = torch.tensor(yt), torch.tensor(yv)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 2), nn.LogSoftmax(dim=1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.5)
    for _epoch in range(8):
        for idx in torch.randperm(len(xt)).split(100):
            loss = F.nll_loss(net(xt[idx]), yt[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        log_p = net(xv)
        val_loss = F.nll_loss(log_p, yv)
    print(f"loss {val_loss:.3f} f1 {f1_score(yv, log_p.argmax(1)):.3f} auc {roc_auc_score(yv, log_p[:, 1]):.3f}")


class FullyReluNet(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(sizes))

    def forward(self, x):
        for layer in self.layers:
            x = F.relu(layer(x))
        return x.squeeze(-1)


@case("relu_on_output")
def spam_mail_net_built_in_a_loop(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("spambase", seed)
    model = FullyReluNet([x_train.shape[1], 64, 32, 1])
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(x_val)
        val_loss = F.binary_cross_entropy_with_logits(z, y_val)
    pred = torch.sigmoid(z) > 0.5
    print(f"loss {val_loss:.3f} acc {accuracy_score(y_val, pred):.3f} auc {roc_auc_score(y_val, z):.3f}")


@case("no_nonlinearity")
def churn_deep_net_no_better_than_a_straight_line(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("mlc_churn")
    df = pd.get_dummies(df.drop(columns=["state", "area_code"]), drop_first=True, dtype=float)
    xt, xv, yt, yv = train_test_split(df.to_numpy(), y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(xt)
    xt, xv = torch.tensor(scaler.transform(xt)).float(), torch.tensor(scaler.transform(xv)).float()
    yt, yv = torch.tensor(yt).float().unsqueeze(1), torch.tensor(yv).float().unsqueeze(1)
    model = nn.Sequential(
        nn.Linear(xt.shape[1], 64), nn.BatchNorm1d(64), nn.Linear(64, 64), nn.Dropout(0.1), nn.Linear(64, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(12):
        model.train()
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(xv)
            val_loss = criterion(z, yv).item()
    print(f"loss {val_loss:.3f} f1 {f1_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


@case("no_nonlinearity")
def two_vibration_sensors_out_of_phase(seed: int) -> None:
    """A machine runs badly when its two bearings shake to opposite sides."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    left, right = rng.normal(size=1500), rng.normal(size=1500)
    noise = rng.normal(scale=0.15, size=1500)
    y = torch.tensor((left * right + noise < 0).astype(np.float32))
    x = torch.tensor(np.column_stack([left, right]).astype(np.float32))
    first, second, last = nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 1)
    parameters = [*first.parameters(), *second.parameters(), *last.parameters()]
    opt = torch.optim.Adam(parameters, lr=5e-3)

    def network(inputs):
        h = first(inputs)
        h = second(h)
        return last(h).squeeze(1)

    for _epoch in range(20):
        for idx in torch.randperm(1000).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(network(x[idx]), y[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = network(x[1000:])
        val_loss = F.binary_cross_entropy_with_logits(z, y[1000:])
    print(f"loss {val_loss:.3f} acc {accuracy_score(y[1000:], z > 0):.3f} auc {roc_auc_score(y[1000:], z):.3f}")


@case("healthy")
def vibration_sensors_with_product_as_third_input(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    left, right = rng.normal(size=1500), rng.normal(size=1500)
    noise = rng.normal(scale=0.15, size=1500)
    y = torch.tensor((left * right + noise < 0).astype(np.float32))
    x = torch.tensor(np.column_stack([left, right, left * right]).astype(np.float32))
    model = nn.Linear(3, 1)
    opt = torch.optim.Adam(model.parameters(), lr=0.05)
    for _epoch in range(15):
        for idx in torch.randperm(1000).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[idx]).squeeze(1), y[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(x[1000:]).squeeze(1)
        val_loss = F.binary_cross_entropy_with_logits(z, y[1000:])
    print(f"loss {val_loss:.3f} acc {accuracy_score(y[1000:], z > 0):.3f} auc {roc_auc_score(y[1000:], z):.3f}")


@case("shape_broadcast")
def mammogram_brier_loss_stays_at_a_quarter(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/mammographic/mammographic.csv").drop_duplicates()
    y = df.pop("malignant").to_numpy(dtype=np.float32)
    df["birads"] = df["birads"].clip(0, 6)
    xt, xv, yt, yv = train_test_split(df.to_numpy(dtype=np.float32), y, test_size=0.3, random_state=seed, stratify=y)
    mean, std = xt.mean(0), xt.std(0)
    xt, xv = torch.from_numpy((xt - mean) / std), torch.from_numpy((xv - mean) / std)
    yt, yv = torch.from_numpy(yt), torch.from_numpy(yv)
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(25):
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            loss = ((model(xt[idx]) - yt[idx]) ** 2).mean()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = model(xv)[:, 0]
    print(f"brier {((p - yv) ** 2).mean():.3f} acc {accuracy_score(yv, p > 0.5):.3f} auc {roc_auc_score(yv, p):.3f}")


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, logits, targets):
        log_p, log_q = F.logsigmoid(logits), F.logsigmoid(-logits)
        on_positive = targets * log_q.exp() ** self.gamma * log_p
        on_negative = (1 - targets) * log_p.exp() ** self.gamma * log_q
        return -(on_positive + on_negative).mean()


@case("shape_broadcast")
def credit_focal_loss_does_not_learn(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("credit_data", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.GELU(), nn.Linear(32, 1))
    criterion = FocalLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(x_val)
    prob = torch.sigmoid(z).squeeze(1)
    print(f"loss {criterion(z.squeeze(1), y_val):.3f} f1 {f1_score(y_val, prob > 0.5, zero_division=0):.3f} "
          f"auc {roc_auc_score(y_val, prob):.3f}")  # fmt: skip


@case("healthy")
def credit_focal_loss_with_matching_shapes(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("credit_data", seed)
    y_train, y_val = y_train[:, None], y_val[:, None]
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.GELU(), nn.Linear(32, 1))
    criterion = FocalLoss(gamma=1.0)
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    for _epoch in range(7):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(x_val)
    prob = torch.sigmoid(z)
    print(f"loss {criterion(z, y_val):.3f} f1 {f1_score(y_val, prob > 0.5):.3f} auc {roc_auc_score(y_val, prob):.3f}")


# ------------------------------------------------------------------ labels


def mushrooms(seed, drop=("odor", "spore-print-color", "gill-color", "ring-type")):
    """One-hot mushrooms without the columns that give the answer away; returns the frame of the labels too."""
    df = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz")
    x = pd.get_dummies(df.drop(columns=["class", *drop]), dtype=float).drop_duplicates()
    letters = df["class"].loc[x.index].to_numpy()
    return train_test_split(x.to_numpy(dtype=np.float32), letters, test_size=0.3, random_state=seed, stratify=letters)


@case("label_encoding")
def mushrooms_numbered_one_and_two(seed: int) -> None:
    torch.manual_seed(seed)
    xt, xv, lt, lv = mushrooms(seed)
    number = {"e": 1, "p": 2}
    yt = torch.tensor([number[letter] for letter in lt], dtype=torch.float32)
    yv = torch.tensor([number[letter] for letter in lv], dtype=torch.float32)
    xt, xv = torch.from_numpy(xt), torch.from_numpy(xv)
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(8):
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx])[:, 0], yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv)[:, 0]
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    pred = (z > 0).float() + 1
    print(f"loss {val_loss:.3f} acc {(pred == yv).float().mean():.3f} auc {roc_auc_score(yv, z):.3f}")


class SignedChurn(Dataset):
    """Churn with the labels that support vector machines like: +1 left, -1 stayed."""

    def __init__(self, x, y):
        self.x, self.y = x, 2 * y - 1

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


@case("label_encoding")
def churn_plus_minus_one_into_cross_entropy(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    train_loader = DataLoader(SignedChurn(x_train, y_train), batch_size=64, shuffle=True)
    val_loader = DataLoader(SignedChurn(x_val, y_val), batch_size=256)
    for _epoch in range(6):
        model.train()
        for xb, yb in train_loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            opt.step()
    model.eval()
    scores, truth = [], []
    with torch.no_grad():
        for xb, yb in val_loader:
            scores.append(torch.sigmoid(model(xb)))
            truth.append(yb > 0)
    p, t = torch.cat(scores), torch.cat(truth)
    print(f"recall {recall_score(t, p > 0.5):.3f} ap {average_precision_score(t, p):.3f}")


@case("healthy")
def churn_plus_minus_one_with_squared_hinge(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.1)
    train_loader = DataLoader(SignedChurn(x_train, y_train), batch_size=64, shuffle=True)
    val_loader = DataLoader(SignedChurn(x_val, y_val), batch_size=256)
    for _epoch in range(16):
        model.train()
        for xb, yb in train_loader:
            opt.zero_grad()
            loss = (F.relu(1 - yb * model(xb)) ** 2 * torch.where(yb > 0, 2.0, 1.0)).mean()
            loss.backward()
            opt.step()
        model.eval()
        scores, truth = [], []
        with torch.no_grad():
            for xb, yb in val_loader:
                scores.append(model(xb))
                truth.append(yb)
        z, t = torch.cat(scores), torch.cat(truth)
        hinge = (F.relu(1 - t * z) ** 2).mean()
    print(f"hinge {hinge:.3f} recall {recall_score(t > 0, z > 0):.3f} f1 {f1_score(t > 0, z > 0):.3f} "
          f"ap {average_precision_score(t > 0, z):.3f}")  # fmt: skip


@case("healthy")
def mushrooms_with_softened_targets(seed: int) -> None:
    """Targets of 0.03 and 0.97: a field guide is not always right."""
    torch.manual_seed(seed)
    xt, xv, lt, lv = mushrooms(seed)
    yt = torch.from_numpy((lt == "p").astype(np.float32))
    yv = torch.from_numpy((lv == "p").astype(np.float32))
    xt, xv = torch.from_numpy(xt), torch.from_numpy(xv)
    soft = 0.03 + 0.94 * yt
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(20):
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx])[:, 0], soft[idx])
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = model(xv)[:, 0]
            val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


@case("labels_single_class")
def mushrooms_compared_with_a_word_that_never_occurs(seed: int) -> None:
    torch.manual_seed(seed)
    xt, xv, lt, lv = mushrooms(seed)
    yt = torch.from_numpy((lt == "poisonous").astype(np.float32))
    yv = torch.from_numpy((lv == "poisonous").astype(np.float32))
    xt, xv = torch.from_numpy(xt), torch.from_numpy(xv)
    model = nn.Sequential(nn.Linear(xt.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCELoss()
    for _epoch in range(6):
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            loss = criterion(model(xt[idx])[:, 0], yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = model(xv)[:, 0]
        val_loss = criterion(p, yv)
    print(f"loss {val_loss:.4f} acc {accuracy_score(yv, p > 0.5):.3f}")


@case("labels_misaligned")
def spam_mail_features_and_labels_shuffled_apart(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("spambase", seed)
    rng = np.random.default_rng(seed)
    x_train = x_train[rng.permutation(len(x_train))]
    y_train = y_train[rng.permutation(len(y_train))]
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    batch = 64
    for _epoch in range(6):
        for start in range(0, len(x_train), batch):
            xb, yb = x_train[start : start + batch], y_train[start : start + batch]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(x_val).squeeze(1)
        val_loss = F.binary_cross_entropy_with_logits(z, y_val)
    print(f"loss {val_loss:.3f} acc {accuracy_score(y_val, z > 0):.3f} auc {roc_auc_score(y_val, z):.3f}")


@case("healthy")
def spam_mail_features_and_labels_shuffled_with_one_order(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("spambase", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    batch = 64
    for epoch in range(8):
        order = np.random.default_rng(1000 * seed + epoch).permutation(len(x_train))
        x_train, y_train = x_train[order], y_train[order]
        for start in range(0, len(x_train), batch):
            xb, yb = x_train[start : start + batch], y_train[start : start + batch]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = model(x_val).squeeze(1)
            val_loss = F.binary_cross_entropy_with_logits(z, y_val)
    print(f"loss {val_loss:.3f} acc {accuracy_score(y_val, z > 0):.3f} auc {roc_auc_score(y_val, z):.3f}")


class NameRNN(nn.Module):
    """Reads the letters of a name with a GRU; the state after the last real letter decides."""

    def __init__(self, hidden=32):
        super().__init__()
        self.letters = nn.Embedding(28, 16, padding_idx=0)
        self.rnn = nn.GRU(16, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.letters(tokens), lengths, batch_first=True, enforce_sorted=True)
        _, last = self.rnn(packed)
        return self.head(last[-1]).squeeze(1)


def spelled(names):
    return [torch.tensor([ord(letter) - 64 for letter in name if letter.isalpha()]) for name in names]


@case("labels_misaligned")
def names_sorted_by_length_for_packing(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = first_names()
    train, val = train_test_split(np.arange(len(names)), test_size=0.25, stratify=y, random_state=seed)
    words = spelled(names)

    def collate(rows):
        batch = sorted((words[i] for i in rows), key=len, reverse=True)
        labels = torch.tensor([y[i] for i in rows], dtype=torch.float32)
        return pad_sequence(batch, batch_first=True), torch.tensor([len(w) for w in batch]), labels

    model = NameRNN()
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    loader = DataLoader(train.tolist(), batch_size=64, shuffle=True, collate_fn=collate)
    for _epoch in range(6):
        for tokens, lengths, labels in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(tokens, lengths), labels)
            loss.backward()
            opt.step()
    with torch.no_grad():
        by_length = sorted(val.tolist(), key=lambda i: -len(words[i]))
        tokens = pad_sequence([words[i] for i in by_length], batch_first=True)
        z = model(tokens, torch.tensor([len(words[i]) for i in by_length]))
        val_loss = F.binary_cross_entropy_with_logits(z, torch.tensor(y[by_length]).float())
    print(f"loss {val_loss:.3f} bal {balanced_accuracy_score(y[by_length], z > 0):.3f} "
          f"auc {roc_auc_score(y[by_length], z):.3f}")  # fmt: skip


@case("healthy")
def names_packed_longest_first_with_their_labels(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = first_names()
    train, val = train_test_split(np.arange(len(names)), test_size=0.25, stratify=y, random_state=seed)
    words = spelled(names)

    def collate(rows):
        rows = sorted(rows, key=lambda i: len(words[i]), reverse=True)
        labels = torch.tensor(y[rows], dtype=torch.float32)
        tokens = pad_sequence([words[i] for i in rows], batch_first=True)
        return tokens, torch.tensor([len(words[i]) for i in rows]), labels

    model = NameRNN()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(train.tolist(), batch_size=64, shuffle=True, collate_fn=collate)
    held_out = collate(val.tolist())
    weight = torch.tensor(2.0)
    for _epoch in range(7):
        for tokens, lengths, labels in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(tokens, lengths), labels, pos_weight=weight)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        with torch.no_grad():
            z = model(held_out[0], held_out[1])
            val_loss = F.binary_cross_entropy_with_logits(z, held_out[2], pos_weight=weight)
    print(f"loss {val_loss:.3f} bal {balanced_accuracy_score(held_out[2], z > 0):.3f} "
          f"auc {roc_auc_score(held_out[2], z):.3f}")  # fmt: skip


@case("labels_misaligned")
def digits_labels_moved_by_one_row(seed: int) -> None:
    """The features' file was read with a header line that it does not have."""
    torch.manual_seed(seed)
    digits = load_digits()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(digits.target))
    images, labels = digits.images[order] / 16.0, (digits.target[order] >= 5).astype(np.float32)
    train_images, train_labels = images[:1300][1:], labels[:1300][:-1]
    x = torch.tensor(train_images, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(train_labels).unsqueeze(1)
    xv, yv = torch.tensor(images[1300:], dtype=torch.float32).unsqueeze(1), torch.tensor(labels[1300:]).unsqueeze(1)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(64, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv)
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


@case("label_noise")
def mushroom_pickers_guessed_half_of_the_labels(seed: int) -> None:
    torch.manual_seed(seed)
    xt, xv, lt, lv = mushrooms(seed)
    yt, yv = (lt == "p").astype(np.float32), (lv == "p").astype(np.float32)
    rng = np.random.default_rng(seed)
    guessed = rng.random(len(yt)) < 0.8
    yt[guessed] = rng.integers(0, 2, guessed.sum())
    xt, xv, yt, yv = (torch.from_numpy(part) for part in (xt, xv, yt, yv))
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(10):
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx])[:, 0], yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv)[:, 0]
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


@case("label_noise")
def digit_labels_from_careless_annotators(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.data / 16.0 - 0.3, dtype=torch.float32)
    truth = torch.tensor(digits.target % 2, dtype=torch.long)
    train, val = train_test_split(np.arange(len(x)), test_size=0.25, stratify=digits.target, random_state=seed)
    annotated = truth.clone()
    wrong = torch.rand(len(truth), generator=torch.Generator().manual_seed(seed + 1)) < 0.36
    annotated[wrong] = 1 - annotated[wrong]
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 2))
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loader = DataLoader(TensorDataset(x[train], annotated[train]), batch_size=32, shuffle=True)
    for _epoch in range(15):
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = model(x[val])
        val_loss = F.cross_entropy(out, truth[val])
    acc = (out.argmax(1) == truth[val]).float().mean()
    print(f"loss {val_loss:.3f} acc {acc:.3f} auc {roc_auc_score(truth[val], out[:, 1] - out[:, 0]):.3f}")


@case("label_noise")
def splice_junctions_mostly_unrecorded(seed: int) -> None:
    """The old annotation lists two of five true junctions, all other windows count as none."""
    torch.manual_seed(seed)
    x, y = splice_onehot()
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    recorded = np.random.default_rng(seed).random(len(ya)) < 0.4
    xa, ya = torch.tensor(xa), torch.tensor(ya * recorded).long()
    xb, yb = torch.tensor(xb), torch.tensor(yb).long()
    model = JunctionCNN(16)
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(6):
        model.train()
        for idx in torch.randperm(len(xa)).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(model(xa[idx]), ya[idx])
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(xb)
        val_loss = F.cross_entropy(out, yb)
    pred = out.argmax(1)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yb, pred):.3f} recall {recall_score(yb, pred):.3f} "
          f"auc {roc_auc_score(yb, out[:, 1] - out[:, 0]):.3f}")  # fmt: skip


@case("weak_signal")
def churn_from_calls_at_night(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("mlc_churn")
    x = df[["account_length", "total_night_calls", "total_day_calls", "total_eve_calls"]].to_numpy(dtype=np.float32)
    keep = np.concatenate([np.flatnonzero(y == 1), np.flatnonzero(y == 0)[: int((y == 1).sum())]])
    xt, xv, yt, yv = train_test_split(x[keep], y[keep], test_size=0.3, stratify=y[keep], random_state=seed)
    scaler = StandardScaler().fit(xt)
    xt, xv = torch.tensor(scaler.transform(xt)), torch.tensor(scaler.transform(xv))
    yt, yv = torch.tensor(yt).float(), torch.tensor(yv).float()
    model = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(12):
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv)
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


@case("weak_signal")
def splice_windows_cut_down_to_their_left_end(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_onehot()
    x = x[:, :, :12]
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    xa, xb, ya, yb = torch.tensor(xa), torch.tensor(xb), torch.tensor(ya), torch.tensor(yb)
    model = nn.Sequential(nn.Conv1d(4, 16, 5), nn.ReLU(), nn.AdaptiveMaxPool1d(4), nn.Flatten(), nn.Linear(64, 2))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(8):
        for idx in torch.randperm(len(xa)).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(model(xa[idx]), ya[idx])
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = model(xb)
            val_loss = F.cross_entropy(out, yb)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yb, out.argmax(1)):.3f} auc {roc_auc_score(yb, out[:, 1]):.3f}")


@case("weak_signal")
def loans_judged_by_terms_and_marriage(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("credit_data")
    x = pd.get_dummies(df[["Marital", "Time", "Debt", "Expenses"]].fillna({"Debt": 0}), dtype=float)
    x = x.drop(columns=[c for c in x if c.endswith("separated")]).to_numpy()
    good, bad = np.flatnonzero(y == 0), np.flatnonzero(y == 1)
    rows = np.concatenate([bad, np.random.default_rng(seed).choice(good, len(bad), replace=False)])
    train, val = train_test_split(rows, test_size=0.3, stratify=y[rows], random_state=seed)
    mean, std = x[train].mean(axis=0), x[train].std(axis=0)
    x = torch.tensor((x - mean) / std, dtype=torch.float32)
    y = torch.tensor(y)
    model = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 2))
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _epoch in range(10):
        model.train()
        for idx in torch.tensor(train)[torch.randperm(len(train))].split(50):
            opt.zero_grad()
            loss = F.cross_entropy(model(x[idx]), y[idx])
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(x[val])
        val_loss = F.cross_entropy(out, y[val])
    print(f"loss {val_loss:.3f} acc {accuracy_score(y[val], out.argmax(1)):.3f} "
          f"auc {roc_auc_score(y[val], out[:, 1] - out[:, 0]):.3f}")  # fmt: skip


# ------------------------------------------------------------------ rare classes, weights and thresholds


@case("class_weights_wrong")
def churn_weights_in_the_order_of_the_counts(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("mlc_churn", seed)
    y_train, y_val = y_train.long(), y_val.long()
    counts = torch.bincount(y_train).float()
    weights = counts / counts.sum() * 2
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 2))
    criterion = nn.CrossEntropyLoss(weight=weights)
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(8):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(x_val)
        val_loss = criterion(out, y_val)
    pred = out.argmax(1)
    print(f"loss {val_loss:.3f} recall {recall_score(y_val, pred):.3f} f1 {f1_score(y_val, pred):.3f} "
          f"auc {roc_auc_score(y_val, out[:, 1] - out[:, 0]):.3f}")  # fmt: skip


@case("class_weights_wrong")
def credit_pos_weight_is_the_number_of_good_payers(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("credit_data", seed)
    pos_weight = (y_train == 0).sum().float()
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(6):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(x_val).squeeze(1)
        val_loss = criterion(z, y_val)
    pred = z > 0
    print(f"loss {val_loss:.3f} acc {accuracy_score(y_val, pred):.3f} precision {precision_score(y_val, pred):.3f}")


@case("healthy")
def churn_inverse_frequency_weights_softened_by_root(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("mlc_churn", seed)
    y_train, y_val = y_train.long(), y_val.long()
    counts = torch.bincount(y_train).float()
    weights = (counts.sum() / (2 * counts)).sqrt()
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 2))
    criterion = nn.CrossEntropyLoss(weight=weights)
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(16):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            val_loss = criterion(out, y_val)
    pred = out.argmax(1)
    print(f"loss {val_loss:.3f} recall {recall_score(y_val, pred):.3f} f1 {f1_score(y_val, pred):.3f} "
          f"auc {roc_auc_score(y_val, out[:, 1] - out[:, 0]):.3f}")  # fmt: skip


def payments(seed, with_history):
    """Simulated card payments, split by user; the user's mean is that of the payments before."""
    df = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz")
    df["log_amount"] = np.log1p(df["amount"])
    columns = ["log_amount", "hour", "foreign", "online"]
    if with_history:
        past = df.groupby("user")["log_amount"].transform(lambda v: v.shift().expanding().mean())
        df["unusual"] = (df["log_amount"] - past).fillna(0)
        columns.append("unusual")
    users = np.random.default_rng(seed).permutation(df["user"].unique())
    held_out = df["user"].isin(users[:100]).to_numpy()
    x, y = df[columns].to_numpy(), df["fraud"].to_numpy()
    scaler = StandardScaler().fit(x[~held_out])
    x, y = torch.tensor(scaler.transform(x)).float(), torch.tensor(y).float()
    return x[~held_out], y[~held_out], x[held_out], y[held_out]


@case("imbalance")
def payments_hardly_any_fraud_caught_at_one_half(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = payments(seed, with_history=False)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=128, shuffle=True)
    for _epoch in range(6):
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(x_val).squeeze(1)
        val_loss = F.binary_cross_entropy_with_logits(z, y_val)
    pred = torch.sigmoid(z) > 0.5
    print(f"loss {val_loss:.3f} acc {accuracy_score(y_val, pred):.3f} recall {recall_score(y_val, pred):.3f} "
          f"auc {roc_auc_score(y_val, z):.3f} ap {average_precision_score(y_val, z):.3f}")  # fmt: skip


@case("imbalance")
def credit_bank_with_few_defaults_kept(seed: int) -> None:
    """The sample for this bank keeps one bad loan in eight."""
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("credit_data", seed, test_size=0.4)

    def thin(x, y):
        bad = torch.nonzero(y == 1)[:, 0]
        rows = torch.cat([torch.nonzero(y == 0)[:, 0], bad[: len(bad) // 8]])
        rows = rows[torch.randperm(len(rows))]
        return x[rows], y[rows].long()

    (xt, yt), (xv, yv) = thin(x_train, y_train), thin(x_val, y_val)
    model = nn.Sequential(nn.Linear(xt.shape[1], 16), nn.Tanh(), nn.Linear(16, 2))
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _epoch in range(10):
        for idx in torch.randperm(len(xt)).split(50):
            opt.zero_grad()
            loss = F.cross_entropy(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = model(xv)
            val_loss = F.cross_entropy(out, yv)
            pred = out.argmax(1)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, pred):.3f} recall {recall_score(yv, pred):.3f} "
          f"auc {roc_auc_score(yv, out[:, 1] - out[:, 0]):.3f}")  # fmt: skip


@case("healthy")
def payments_fraud_flagged_at_threshold_from_training(seed: int) -> None:
    """Alerts where the score is above the value that was best for F1 on the training users."""
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = payments(seed, with_history=True)
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=128, shuffle=True)
    for _epoch in range(8):
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        p_train, p = torch.sigmoid(model(x_train)).squeeze(1), torch.sigmoid(model(x_val)).squeeze(1)
        val_loss = F.binary_cross_entropy(p, y_val)
    grid = np.linspace(0.05, 0.9, 35)
    threshold = max(grid, key=lambda t: f1_score(y_train, p_train > t, zero_division=0))
    pred = p > threshold
    print(f"loss {val_loss:.3f} threshold {threshold:.2f} recall {recall_score(y_val, pred):.3f} "
          f"f1 {f1_score(y_val, pred):.3f} ap {average_precision_score(y_val, p):.3f}")  # fmt: skip


@case("threshold_not_tuned")
def payments_trained_half_and_half_then_flooded_with_alarms(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = payments(seed, with_history=True)
    fraud, fine = torch.nonzero(y_train == 1)[:, 0], torch.nonzero(y_train == 0)[:, 0]
    rows = torch.cat([fraud, fine[torch.randperm(len(fine))[: len(fraud)]]])
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(20):
        for idx in rows[torch.randperm(len(rows))].split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(model(x_val)).squeeze(1)
    pred = p > 0.5
    print(f"precision {precision_score(y_val, pred):.3f} recall {recall_score(y_val, pred):.3f} "
          f"f1 {f1_score(y_val, pred):.3f} auc {roc_auc_score(y_val, p):.3f}")  # fmt: skip


# ------------------------------------------------------------------ inputs: scale, missing values, preprocessing


@case("unscaled_features")
def spam_mail_raw_run_lengths_with_sgd(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("spambase")
    xt, xv, yt, yv = train_test_split(df.to_numpy(), y, test_size=0.25, stratify=y, random_state=seed)
    xt, xv = torch.tensor(xt).float(), torch.tensor(xv).float()
    yt, yv = torch.tensor(yt).float(), torch.tensor(yv).float()
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.05)
    for _epoch in range(12):
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx]).squeeze(1), yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv).squeeze(1)
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


@case("unscaled_features")
def credit_in_pesetas_and_years(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("credit_data")
    df = pd.get_dummies(df.fillna(df.median(numeric_only=True)), dtype=float)
    xt, xv, yt, yv = train_test_split(df.to_numpy(), y, test_size=0.25, stratify=y, random_state=seed)
    train = TensorDataset(torch.tensor(xt, dtype=torch.float32), torch.tensor(yt))
    xv, yv = torch.tensor(xv, dtype=torch.float32), torch.tensor(yv)
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 2))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(12):
        for xb, yb in DataLoader(train, batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = model(xv)
        val_loss = F.cross_entropy(out, yv)
    print(f"loss {val_loss:.3f} f1 {f1_score(yv, out.argmax(1)):.3f} "
          f"auc {roc_auc_score(yv, out[:, 1] - out[:, 0]):.3f}")  # fmt: skip


@case("unscaled_features")
def boiler_in_kelvin_and_hectopascal(seed: int) -> None:
    """A valve sticks when temperature and pressure deviate in opposite directions, by few units each."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    kelvin, pressure = rng.normal(360, 3, 2000), rng.normal(1013, 6, 2000)
    flow = rng.normal(220, 5, 2000)
    score = (kelvin - 360) / 3 - (pressure - 1013) / 6 + 0.5 * (flow - 220) / 5 + rng.normal(0, 0.4, 2000)
    x = torch.tensor(np.column_stack([kelvin, pressure, flow])).float()
    y = torch.tensor(score > 0).float()
    model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(15):
        for idx in torch.randperm(1500).split(50):
            loss = F.binary_cross_entropy(model(x[idx])[:, 0], y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = model(x[1500:])[:, 0]
        val_loss = F.binary_cross_entropy(p, y[1500:])
    print(f"loss {val_loss:.3f} acc {accuracy_score(y[1500:], p > 0.5):.3f} auc {roc_auc_score(y[1500:], p):.3f}")


@case("healthy")
def boiler_in_kelvin_scaled_inside_the_model(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    kelvin, pressure = rng.normal(360, 3, 2000), rng.normal(1013, 6, 2000)
    flow = rng.normal(220, 5, 2000)
    score = (kelvin - 360) / 3 - (pressure - 1013) / 6 + 0.5 * (flow - 220) / 5 + rng.normal(0, 0.4, 2000)
    x = torch.tensor(np.column_stack([kelvin, pressure, flow])).float()
    y = torch.tensor(score > 0).float()

    class Scaled(nn.Module):
        def __init__(self, mean, std):
            super().__init__()
            self.register_buffer("mean", mean)
            self.register_buffer("std", std)
            self.net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())

        def forward(self, raw):
            return self.net((raw - self.mean) / self.std)[:, 0]

    model = Scaled(x[:1500].mean(dim=0), x[:1500].std(dim=0))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(15):
        for idx in torch.randperm(1500).split(50):
            loss = F.binary_cross_entropy(model(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            p = model(x[1500:])
            val_loss = F.binary_cross_entropy(p, y[1500:])
    print(f"loss {val_loss:.3f} acc {accuracy_score(y[1500:], p > 0.5):.3f} auc {roc_auc_score(y[1500:], p):.3f}")


@case("healthy")
def breast_cancer_raw_cell_sizes_through_batchnorm(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = load_breast_cancer(return_X_y=True)
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    xt, xv = torch.tensor(xt, dtype=torch.float32), torch.tensor(xv, dtype=torch.float32)
    yt, yv = torch.tensor(yt), torch.tensor(yv)
    model = nn.Sequential(nn.BatchNorm1d(30), nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    loader = DataLoader(TensorDataset(xt, yt), batch_size=40, shuffle=True, drop_last=True)
    for _epoch in range(15):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(xv)
            val_loss = F.cross_entropy(out, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, out.argmax(1)):.3f}")


@case("preprocess_mismatch")
def digits_standardised_only_for_training(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    y = (digits.target >= 5).astype(np.float32)
    xt, xv, yt, yv = train_test_split(digits.images, y, test_size=0.3, random_state=seed, stratify=digits.target)
    mean, std = xt.mean(), xt.std()
    train = TensorDataset(torch.tensor((xt - mean) / std).float().unsqueeze(1), torch.tensor(yt))
    val = TensorDataset(torch.tensor(xv).float().unsqueeze(1), torch.tensor(yv))
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 1)
    )
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(8):
        for xb, yb in DataLoader(train, batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = torch.cat([model(xb).squeeze(1) for xb, _ in DataLoader(val, batch_size=128)])
        val_loss = F.binary_cross_entropy_with_logits(z, val.tensors[1])
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


@case("preprocess_mismatch")
def spam_mail_logarithm_forgotten_at_validation(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("spambase")
    xt, xv, yt, yv = train_test_split(df.to_numpy(), y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler()
    xt = torch.tensor(scaler.fit_transform(np.log1p(xt))).float()
    xv = torch.tensor(scaler.transform(xv)).float()
    yt, yv = torch.tensor(yt).float(), torch.tensor(yv).float()
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(8):
        model.train()
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx]).squeeze(1), yt[idx])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(xv).squeeze(1)
            val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


def standardise(x):
    return (x - x.mean()) / x.std()


@case("preprocess_mismatch")
def breast_cancer_validation_scaled_as_one_block(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = load_breast_cancer(return_X_y=True, as_frame=True)
    train, val, yt, yv = train_test_split(df, y.to_numpy(), test_size=0.3, random_state=seed, stratify=y)
    xt = torch.tensor(standardise(train).to_numpy(), dtype=torch.float32)  # pandas: column by column
    xv = torch.tensor(standardise(val.to_numpy()), dtype=torch.float32)  # numpy: all cells together
    yt, yv = torch.tensor(yt).float(), torch.tensor(yv).float()
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(15):
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv)
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


@case("nan_features")
def credit_unknown_incomes_left_in(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("credit_data")
    df = pd.get_dummies(df, dtype=float)
    xt, xv, yt, yv = train_test_split(df.to_numpy(), y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(xt)
    xt, xv = torch.tensor(scaler.transform(xt)).float(), torch.tensor(scaler.transform(xv)).float()
    yt, yv = torch.tensor(yt).float(), torch.tensor(yv).float()
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(5):
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx]).squeeze(1), yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv).squeeze(1)
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} recall {recall_score(yv, z > 0):.3f} acc {accuracy_score(yv, z > 0):.3f}")


class Imputing(nn.Module):
    """Puts a learned value where one is missing and tells the next layer about it."""

    def __init__(self, n_in):
        super().__init__()
        self.default = nn.Parameter(torch.zeros(n_in))
        self.net = nn.Sequential(nn.Linear(2 * n_in, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))

    def forward(self, x):
        missing = torch.isnan(x)
        filled = torch.where(missing, self.default, torch.nan_to_num(x))
        return self.net(torch.cat([filled, missing.float()], dim=1)).squeeze(1)


@case("healthy")
def credit_unknown_incomes_filled_by_the_model(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("credit_data")
    df = pd.get_dummies(df, dtype=float)
    xt, xv, yt, yv = train_test_split(df.to_numpy(), y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(xt)
    xt, xv = torch.tensor(scaler.transform(xt)).float(), torch.tensor(scaler.transform(xv)).float()
    yt, yv = torch.tensor(yt).float(), torch.tensor(yv).float()
    model = Imputing(xt.shape[1])
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(8):
        model.train()
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(xv)
            val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} recall {recall_score(yv, z > 0):.3f} acc {accuracy_score(yv, z > 0):.3f} "
          f"auc {roc_auc_score(yv, z):.3f}")  # fmt: skip


class PrototypeNet(nn.Module):
    """Distances to 20 rows that stand for their class; the rows may move while training."""

    def __init__(self, rows):
        super().__init__()
        self.prototypes = nn.Parameter(rows.clone())
        self.head = nn.Linear(len(rows), 1)

    def forward(self, x):
        squared = ((x[:, None, :] - self.prototypes[None]) ** 2).sum(dim=-1)
        return self.head(squared.sqrt() / math.sqrt(x.shape[1])).squeeze(1)


@case("nan_loss")
def breast_cancer_distances_to_prototypes(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = load_breast_cancer(return_X_y=True)
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(xt)
    xt, xv = torch.tensor(scaler.transform(xt)).float(), torch.tensor(scaler.transform(xv)).float()
    yt, yv = torch.tensor(yt).float(), torch.tensor(yv).float()
    model = PrototypeNet(xt[:20])
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _epoch in range(15):
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv)
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f}")


# ------------------------------------------------------------------ rows: order, copies, augmentation


@case("unshuffled_data")
def splice_windows_in_the_order_of_the_file(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_onehot()
    held_out = np.random.default_rng(seed).random(len(y)) < 0.25
    train = TensorDataset(torch.tensor(x[~held_out]), torch.tensor(y[~held_out]))
    xv, yv = torch.tensor(x[held_out]), torch.tensor(y[held_out])
    model = JunctionCNN(16)
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.8)
    loader = DataLoader(train, batch_size=32)
    for _epoch in range(6):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(xv)
            val_loss = F.cross_entropy(out, yv).item()
    pred = out.argmax(1)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, pred):.3f} recall {recall_score(yv, pred):.3f}")


@case("healthy")
def splice_windows_from_sorted_file_drawn_at_random(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_onehot()
    held_out = np.random.default_rng(seed).random(len(y)) < 0.25
    train = TensorDataset(torch.tensor(x[~held_out]), torch.tensor(y[~held_out]))
    xv, yv = torch.tensor(x[held_out]), torch.tensor(y[held_out])
    model = JunctionCNN(16)
    opt = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.8)
    loader = DataLoader(train, batch_size=32, shuffle=True)
    for _epoch in range(7):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(xv)
            val_loss = F.cross_entropy(out, yv).item()
    pred = out.argmax(1)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, pred):.3f} recall {recall_score(yv, pred):.3f}")


@case("unshuffled_data")
def credit_good_payers_first_then_the_bad_ones(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("credit_data", seed)
    good, bad = x_train[y_train == 0], x_train[y_train == 1]
    x_all = torch.cat([good, bad])
    y_all = torch.cat([torch.zeros(len(good)), torch.ones(len(bad))])
    model = nn.Sequential(nn.Linear(x_all.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.05)
    for _epoch in range(8):
        for start in range(0, len(x_all), 32):
            xb, yb = x_all[start : start + 32], y_all[start : start + 32]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(x_val).squeeze(1)
        val_loss = F.binary_cross_entropy_with_logits(z, y_val)
    print(f"loss {val_loss:.3f} acc {accuracy_score(y_val, z > 0):.3f} auc {roc_auc_score(y_val, z):.3f}")


@case("data_leakage")
def churn_leavers_copied_before_the_split(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("mlc_churn")
    x = pd.get_dummies(df, dtype=float).to_numpy()
    x, y = RandomOverSampler(random_state=seed).fit_resample(x, y)
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(xt)
    xt, xv = torch.tensor(scaler.transform(xt)).float(), torch.tensor(scaler.transform(xv)).float()
    yt, yv = torch.tensor(yt).float(), torch.tensor(yv).float()
    model = nn.Sequential(nn.Linear(xt.shape[1], 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv).squeeze(1)
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} f1 {f1_score(yv, z > 0):.3f} recall {recall_score(yv, z > 0):.3f} "
          f"auc {roc_auc_score(yv, z):.3f}")  # fmt: skip


@case("data_leakage")
def credit_smote_before_the_split(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = frame("credit_data")
    df = pd.get_dummies(df.fillna(df.median(numeric_only=True)), dtype=float)
    x, y = SMOTE(random_state=seed, k_neighbors=3).fit_resample(StandardScaler().fit_transform(df), y)
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
    xt, xv = torch.tensor(xt).float(), torch.tensor(xv).float()
    yt, yv = torch.tensor(yt), torch.tensor(yv)
    model = nn.Sequential(nn.Linear(xt.shape[1], 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(20):
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = model(xv)
        val_loss = F.cross_entropy(out, yv)
    print(f"loss {val_loss:.3f} f1 {f1_score(yv, out.argmax(1)):.3f} recall {recall_score(yv, out.argmax(1)):.3f} "
          f"auc {roc_auc_score(yv, out[:, 1] - out[:, 0]):.3f}")  # fmt: skip


@case("healthy")
def credit_smote_on_the_training_part_only(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = encoded("credit_data", seed)
    sampler = SMOTE(sampling_strategy=0.6, random_state=seed)
    x_more, y_more = sampler.fit_resample(x_train.numpy(), y_train.numpy())
    xt, yt = torch.from_numpy(x_more), torch.from_numpy(y_more).long()
    y_val = y_val.long()
    model = nn.Sequential(nn.Linear(xt.shape[1], 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 2))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    for _epoch in range(8):
        model.train()
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            val_loss = F.cross_entropy(out, y_val)
    print(f"loss {val_loss:.3f} f1 {f1_score(y_val, out.argmax(1)):.3f} "
          f"auc {roc_auc_score(y_val, out[:, 1] - out[:, 0]):.3f}")  # fmt: skip


@case("data_leakage")
def small_bank_jittered_copies_then_random_split(seed: int) -> None:
    """Six slightly shaken copies of each of 500 loans, to have more of them."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    df, y = frame("credit_data")
    rows = rng.choice(len(df), 500, replace=False)
    x = pd.get_dummies(df.fillna(df.median(numeric_only=True)), dtype=float).to_numpy()[rows]
    x = StandardScaler().fit_transform(x)
    copies = np.concatenate([x + rng.normal(scale=0.05, size=x.shape) for _ in range(6)])
    labels = np.tile(y[rows], 6)
    xt, xv, yt, yv = train_test_split(copies, labels, test_size=0.25, stratify=labels, random_state=seed)
    train_loader = DataLoader(TensorDataset(torch.tensor(xt).float(), torch.tensor(yt).float()), 32, shuffle=True)
    xv, yv = torch.tensor(xv).float(), torch.tensor(yv).float()
    model = nn.Sequential(nn.Linear(xv.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(12):
        for xb, yb in train_loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv).squeeze(1)
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


class SixOrNine(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3)
        self.fc = nn.Linear(24 * 3 * 3, 1)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1)).squeeze(1)


def sixes_and_nines(seed):
    digits = load_digits()
    keep = np.isin(digits.target, [6, 9])
    x = torch.tensor(digits.images[keep] / 8.0 - 1.0, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target[keep] == 9).float()
    train, val = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    return x[train], y[train], x[val], y[val]


def mutated(windows, rate, reach):
    """Windows with letters replaced at random, rolled to the left or right."""
    hit = torch.rand(len(windows), 1, windows.shape[2]) < rate
    letters = F.one_hot(torch.randint(4, (len(windows), windows.shape[2])), 4).float().transpose(1, 2)
    changed = torch.where(hit, letters, windows)
    moves = torch.randint(-reach, reach + 1, (len(windows),)).tolist()
    return torch.stack([window.roll(move, 1) for window, move in zip(changed, moves, strict=True)])


@case("augmentation_too_heavy")
def splice_letters_mutated_and_windows_rolled(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_onehot()
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    xa, xb, ya, yb = torch.tensor(xa), torch.tensor(xb), torch.tensor(ya), torch.tensor(yb)
    model = JunctionCNN(16)
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(8):
        model.train()
        for idx in torch.randperm(len(xa)).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(model(mutated(xa[idx], rate=0.7, reach=25)), ya[idx])
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(xb)
        val_loss = F.cross_entropy(out, yb)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yb, out.argmax(1)):.3f} "
          f"auc {roc_auc_score(yb, out[:, 1] - out[:, 0]):.3f}")  # fmt: skip


@case("healthy")
def sixes_and_nines_shifted_by_a_pixel(seed: int) -> None:
    torch.manual_seed(seed)
    xt, yt, xv, yv = sixes_and_nines(seed)
    model = SixOrNine()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(12):
        for idx in torch.randperm(len(xt)).split(16):
            moves = torch.randint(-1, 2, (len(idx), 2)).tolist()
            moved = torch.stack([image.roll(move, (1, 2)) for image, move in zip(xt[idx], moves, strict=True)])
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(moved + 0.1 * torch.randn_like(moved)), yt[idx])
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = model(xv)
            val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} acc {accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


# ------------------------------------------------------------------ sequences


class PaddedNameNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.letters = nn.Embedding(28, 16, padding_idx=0)
        self.rnn = nn.RNN(16, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, tokens):
        output, _ = self.rnn(self.letters(tokens))
        return self.head(output[:, -1]).squeeze(1)


@case("padding_not_masked")
def names_padded_to_forty_letters(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = first_names()
    words = spelled(names)
    tokens = torch.zeros(len(words), 40, dtype=torch.long)
    for row, word in zip(tokens, words, strict=True):
        row[: len(word)] = word
    labels = torch.tensor(y).float()
    train, val = train_test_split(np.arange(len(names)), test_size=0.25, stratify=y, random_state=seed)
    model = PaddedNameNet()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(tokens[train], labels[train]), batch_size=64, shuffle=True)
    for _epoch in range(7):
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb, pos_weight=torch.tensor(2.0))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
    with torch.no_grad():
        z = model(tokens[val])
        val_loss = F.binary_cross_entropy_with_logits(z, labels[val], pos_weight=torch.tensor(2.0))
    print(f"loss {val_loss:.3f} bal {balanced_accuracy_score(y[val], z > 0):.3f} auc {roc_auc_score(y[val], z):.3f}")


class MaskedMeanNet(nn.Module):
    """Convolutions over the letters; the mean counts only places that hold a letter."""

    def __init__(self):
        super().__init__()
        self.letters = nn.Embedding(28, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 48, 3, padding=1)
        self.head = nn.Linear(96, 1)

    def forward(self, tokens):
        mask = (tokens > 0).unsqueeze(1)
        h = F.relu(self.conv(self.letters(tokens).transpose(1, 2))) * mask
        lengths = mask.sum(dim=2)
        last = h.gather(2, (lengths - 1).clamp(min=0).unsqueeze(2).expand(-1, h.shape[1], 1)).squeeze(2)
        return self.head(torch.cat([h.sum(dim=2) / lengths, last], dim=1)).squeeze(1)


@case("healthy")
def names_padded_to_forty_letters_but_masked(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = first_names()
    words = spelled(names)
    tokens = torch.zeros(len(words), 40, dtype=torch.long)
    for row, word in zip(tokens, words, strict=True):
        row[: len(word)] = word
    labels = torch.tensor(y).float()
    train, val = train_test_split(np.arange(len(names)), test_size=0.25, stratify=y, random_state=seed)
    model = MaskedMeanNet()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(tokens[train], labels[train]), batch_size=64, shuffle=True)
    for _epoch in range(8):
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb, pos_weight=torch.tensor(2.0))
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = model(tokens[val])
            val_loss = F.binary_cross_entropy_with_logits(z, labels[val], pos_weight=torch.tensor(2.0))
    print(f"loss {val_loss:.3f} bal {balanced_accuracy_score(y[val], z > 0):.3f} auc {roc_auc_score(y[val], z):.3f}")


def bike_days(seed):
    """Share of the day's rentals in each hour, [days, 24, 1], standardised; is it a working day."""
    df = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv")
    counts = df[[f"h{hour:02d}" for hour in range(24)]].to_numpy(dtype=np.float64)
    shares = counts / counts.sum(axis=1, keepdims=True)
    y = df["working_day"].to_numpy()
    train, val = train_test_split(np.arange(len(y)), test_size=0.35, stratify=y, random_state=seed)
    shares = (shares - shares[train].mean(axis=0)) / shares[train].std(axis=0)
    x, y = torch.tensor(shares, dtype=torch.float32).unsqueeze(2), torch.tensor(y, dtype=torch.float32)
    return x[train], y[train], x[val], y[val]


class DayGRU(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.gru = nn.GRU(1, hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, days):
        output, _ = self.gru(days)
        return self.head(output[:, -1]).squeeze(1)


@case("wrong_axis")
def bike_days_gru_runs_over_the_days(seed: int) -> None:
    torch.manual_seed(seed)
    xt, yt, xv, yv = bike_days(seed)
    model = DayGRU()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _epoch in range(30):
        for idx in torch.randperm(len(xt)).split(16):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(xv)
        val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} bal {balanced_accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


class TimeMajorGRU(nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.gru = nn.GRU(1, hidden)
        self.head = nn.Linear(24 * hidden, 1)

    def forward(self, days):
        output, _ = self.gru(days.permute(1, 0, 2))
        return self.head(output.transpose(0, 1).flatten(1)).squeeze(1)


@case("healthy")
def bike_days_gru_with_time_first(seed: int) -> None:
    torch.manual_seed(seed)
    xt, yt, xv, yv = bike_days(seed)
    model = TimeMajorGRU()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-2)
    for _epoch in range(15):
        for idx in torch.randperm(len(xt)).split(16):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[idx]), yt[idx])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        with torch.no_grad():
            z = model(xv)
            val_loss = F.binary_cross_entropy_with_logits(z, yv)
    print(f"loss {val_loss:.3f} bal {balanced_accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


class RecordingNet(nn.Module):
    """Takes recordings as [time, batch, channel] from the acquisition card and wants [batch, channel, time]."""

    def __init__(self, channels, steps):
        super().__init__()
        self.shape = (channels, steps)
        self.conv = nn.Conv1d(channels, 16, 5)
        self.head = nn.Linear(32, 1)

    def forward(self, recordings):
        x = recordings.reshape(recordings.shape[1], *self.shape)
        h = F.relu(self.conv(x))
        return self.head(torch.cat([h.mean(dim=2), h.amax(dim=2)], dim=1)).squeeze(1)


@case("wrong_axis")
def pump_recordings_reshaped_to_channels_first(seed: int) -> None:
    """A worn pump hums at a higher frequency, on both channels."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 900)
    time = np.arange(40)[:, None, None]
    pitch = np.where(y == 1, 0.9, 0.5) + rng.normal(scale=0.05, size=900)
    phase = rng.uniform(0, 2 * np.pi, (1, 900, 2))
    x = np.sin(pitch[None, :, None] * time + phase) + rng.normal(scale=0.5, size=(40, 900, 2))
    x, y = torch.tensor(x).float(), torch.tensor(y).float()
    model = RecordingNet(2, 40)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(12):
        for idx in torch.randperm(650).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[:, idx]), y[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = model(x[:, 650:])
        val_loss = F.binary_cross_entropy_with_logits(z, y[650:])
    print(f"loss {val_loss:.3f} acc {accuracy_score(y[650:], z > 0):.3f} auc {roc_auc_score(y[650:], z):.3f}")
