"""Classifiers that are healthy or ill in the loop, the optimizer, the dynamics or the evaluation."""

import copy
import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, make_circles, make_moons
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import Resplits, TextResplits, load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


def to_float(*arrays):
    return [torch.tensor(np.asarray(a), dtype=torch.float32) for a in arrays]


def split_scaled(x, y, seed, size=0.3):
    xt, xv, yt, yv = train_test_split(x, y, test_size=size, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(xt)
    return to_float(scaler.transform(xt), yt, scaler.transform(xv), yv)


def adult(seed, rows=4000):
    table = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz")
    table = table.drop(columns=["education", "native-country"])
    table = table[~table.drop(columns="income_gt_50k").duplicated()].sample(rows, random_state=seed)
    y = table.pop("income_gt_50k").to_numpy()
    table["capital-gain"] = np.log1p(table["capital-gain"])
    table["capital-loss"] = np.log1p(table["capital-loss"])
    numeric = table.select_dtypes("number")
    dummies = pd.get_dummies(table.drop(columns=numeric.columns), dtype=float)
    train, val = train_test_split(np.arange(rows), test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(numeric.iloc[train])
    x = np.hstack([scaler.transform(numeric), dummies.to_numpy()])
    return to_float(x[train], y[train], x[val], y[val])


def prepared(name, seed, rows=2500):
    """One of the tables of the project, scaled and one-hot."""
    split = Resplits(load(name).distinct()).split(seed)
    x, y = split.train.features[:rows].float(), split.train.labels[:rows].float()
    return x, y, split.validation.features.float(), split.validation.labels.float()


def dna(seed, rows=1800):
    """Splice sites: one-hot letters [rows, 4, 60]."""
    table = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    table = table.sample(rows, random_state=seed)
    letters = np.array([list(s) for s in table["sequence"]])
    x = np.stack([letters == base for base in "ACGT"], axis=1).astype(np.float32)
    y = table["is_junction"].to_numpy()
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    return to_float(xt, yt, xv, yv)


def digit_images(seed, positive):
    """8×8 images [rows, 1, 8, 8], grey values brought to mean 0 and deviation 1; positive: the digits labelled 1."""
    images, digit = load_digits(return_X_y=True)
    y = np.isin(digit, positive).astype(int)
    xt, xv, yt, yv = train_test_split(images.reshape(-1, 1, 8, 8), y, test_size=0.3, stratify=y, random_state=seed)
    mean, std = xt.mean(), xt.std()
    return to_float((xt - mean) / std, yt, (xv - mean) / std, yv)


def bike_days(seed):
    table = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    hours = table[[f"h{h:02d}" for h in range(24)]].to_numpy(float)
    return split_scaled(np.log1p(hours), table["working_day"].to_numpy(), seed)


def mushrooms(seed, rows=2000, without=("odor", "spore-print-color", "gill-color", "ring-type")):
    table = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")
    y = (table.pop("class") == "p").astype(int)
    table = table.drop(columns=[*without, "veil-type"])
    keep = ~table.duplicated()
    x, y = pd.get_dummies(table[keep], dtype=float).to_numpy(), y[keep].to_numpy()
    chosen = np.random.default_rng(seed).permutation(len(y))[:rows]
    xt, xv, yt, yv = train_test_split(x[chosen], y[chosen], test_size=0.3, stratify=y[chosen], random_state=seed)
    return to_float(xt, yt, xv, yv)


def vibration(seed, rows=1200, steps=40):
    """Simulated machines: the faulty ones carry a second, faster vibration that grows towards the end."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows)
    t = np.arange(steps)
    slow = np.sin(0.3 * t + rng.uniform(0, 2 * np.pi, (rows, 1)))
    fast = np.sin(1.9 * t + rng.uniform(0, 2 * np.pi, (rows, 1))) * (t / steps)
    x = slow + 0.9 * y[:, None] * fast + rng.normal(0, 0.4, (rows, steps))
    cut = int(rows * 0.7)
    return to_float(x[:cut, :, None], y[:cut], x[cut:, :, None], y[cut:])


def mlp(inputs, *hidden, act=nn.ReLU, outputs=1):
    sizes, layers = [inputs, *hidden], []
    for a, b in itertools.pairwise(sizes):
        layers += [nn.Linear(a, b), act()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], outputs))


def report(y, logits):
    y = y.view(-1).numpy()
    p = torch.sigmoid(logits.detach().view(-1)).numpy()
    print(f"accuracy {accuracy_score(y, p > 0.5):.3f}  recall {recall_score(y, p > 0.5):.3f}  "
          f"AUC {roc_auc_score(y, p):.3f}")  # fmt: skip


# ---------------------------------------------------------------- the loop and the optimizer


@case("no_zero_grad")
def census_income_mlp_zeroes_gradients_once_before_the_epochs(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = adult(seed)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    model = mlp(x_train.shape[1], 64, 32)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

    optimizer.zero_grad()
    for _epoch in range(8):
        model.train()
        for xb, yb in loader:
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
            val_loss = criterion(logits, y_val).item()
    print("val loss", round(val_loss, 3))
    report(y_val, logits)


@case("healthy")
def census_income_mlp_accumulates_four_small_batches_per_step(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = adult(seed, rows=2500)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=16, shuffle=True, drop_last=True)
    model = mlp(x_train.shape[1], 32)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    accumulate = 4
    history = []

    optimizer.zero_grad()
    for _epoch in range(8):
        model.train()
        for i, (xb, yb) in enumerate(loader, start=1):
            loss = criterion(model(xb).squeeze(1), yb) / accumulate
            loss.backward()
            if i % accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
            history.append(criterion(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("no_zero_grad")
def splice_cnn_own_zero_grad_called_on_a_copy_of_the_parameters(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = dna(seed)

    class SiteNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(4, 24, 7, padding=3)
            self.out = nn.Linear(24 * 15, 1)

        def forward(self, x):
            h = F.max_pool1d(F.relu(self.conv(x)), 4)
            return self.out(h.flatten(1)).squeeze(1)

    net = SiteNet()
    params = [p for p in net.parameters()]
    opt = optim.SGD(params, lr=0.1, momentum=0.9)
    for _epoch in range(10):
        order = torch.randperm(len(x_train))
        for start in range(0, len(order), 64):
            idx = order[start : start + 64]
            for p in copy.deepcopy(params):
                p.grad = None
            loss = F.binary_cross_entropy_with_logits(net(x_train[idx]), y_train[idx])
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        report(y_val, net(x_val))


@case("no_optimizer_step")
def credit_loans_step_waits_for_more_batches_than_an_epoch_has(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("credit_data", seed)

    @dataclass
    class Config:
        epochs: int = 10
        batch: int = 64
        accumulate: int = 64
        lr: float = 3e-3

    cfg = Config()
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=cfg.batch, shuffle=True)
    model = mlp(x_train.shape[1], 32)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=cfg.lr)
    for _epoch in range(cfg.epochs):
        model.train()
        optimizer.zero_grad()
        for i, (xb, yb) in enumerate(loader):
            loss = criterion(model(xb).squeeze(-1), yb)
            (loss / cfg.accumulate).backward()
            if (i + 1) % cfg.accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).squeeze(-1)
            val_loss = criterion(logits, y_val)
    print("val loss", round(val_loss.item(), 3))
    report(y_val, logits)


@case("optimizer_wrong_params")
def digits_even_odd_cnn_copied_after_the_optimizer_was_made(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [0, 2, 4, 6, 8])

    def build():
        return nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(24 * 16, 1),
        )  # fmt: skip

    model = build()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    model = copy.deepcopy(model).to("cpu")
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    for _epoch in range(8):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val)[:, 0])


@case("optimizer_wrong_params")
def vibration_gru_optimizer_given_the_head_only(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = vibration(seed)

    class Monitor(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.GRU(1, 6, batch_first=True)
            self.head = nn.Linear(6, 1)

        def forward(self, x):
            _, h = self.encoder(x)
            return self.head(h[-1]).squeeze(-1)

    model = Monitor()
    optimizer = optim.Adam(model.head.parameters(), lr=0.01)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(15):
        order = torch.randperm(len(x_train))
        for idx in order.split(64):
            model.zero_grad()
            loss = loss_fn(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val))


@case("healthy")
def vibration_gru_two_optimizers_for_encoder_and_head(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = vibration(seed)
    encoder = nn.GRU(1, 16, batch_first=True)
    head = nn.Linear(16, 1)
    opt_encoder = optim.Adam(encoder.parameters(), lr=0.01)
    opt_head = optim.SGD(head.parameters(), lr=0.1)

    def forward(x):
        states, _ = encoder(x)
        return head(states.amax(dim=1)).squeeze(-1)

    history = []
    for _epoch in range(15):
        for idx in torch.randperm(len(x_train)).split(64):
            loss = F.binary_cross_entropy_with_logits(forward(x_train[idx]), y_train[idx])
            opt_encoder.zero_grad()
            opt_head.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            opt_encoder.step()
            opt_head.step()
        with torch.no_grad():
            logits = forward(x_val)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("frozen_params")
def digits_round_shapes_cnn_backbone_frozen_though_never_pretrained(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [0, 6, 8, 9])

    class SmallNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(
                nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            )  # fmt: skip
            self.classifier = nn.Linear(12, 1)

        def forward(self, x):
            return self.classifier(self.features(x)).squeeze(1)

    model = SmallNet()
    for p in model.features.parameters():
        p.requires_grad = False
    optimizer = optim.Adam((p for p in model.parameters() if p.requires_grad), lr=0.01)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(15):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val))


@case("healthy")
def digits_high_low_head_on_a_backbone_trained_on_all_ten_digits(seed: int):
    torch.manual_seed(seed)
    images, digit = load_digits(return_X_y=True)
    xt, xv, dt, dv = train_test_split(images / 16.0, digit, test_size=0.3, stratify=digit, random_state=seed)
    x_train, x_val = to_float(xt, xv)
    d_train, d_val = torch.tensor(dt), torch.tensor(dv)
    backbone = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU())
    ten = nn.Linear(48, 10)
    pre = optim.Adam([*backbone.parameters(), *ten.parameters()], lr=3e-3)
    for _epoch in range(20):
        for idx in torch.randperm(len(x_train)).split(64):
            pre.zero_grad()
            F.cross_entropy(ten(backbone(x_train[idx])), d_train[idx]).backward()
            pre.step()

    backbone.requires_grad_(False)
    y_train, y_val = (d_train >= 5).float(), (d_val >= 5).float()
    head = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))
    model = nn.Sequential(backbone, head)
    optimizer = optim.Adam(head.parameters(), lr=5e-3)
    history = []
    for _epoch in range(15):
        for idx in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).view(-1), y_train[idx])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            logits = model(x_val).view(-1)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("unregistered_params")
def mushroom_stack_of_narrow_layers_kept_in_a_python_list(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = mushrooms(seed)

    class Stack(nn.Module):
        def __init__(self, inputs, width=5, depth=4):
            super().__init__()
            sizes = [inputs] + [width] * depth
            self.layers = [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
            self.out = nn.Linear(width, 1)

        def forward(self, x):
            for layer in self.layers:
                x = torch.tanh(layer(x))
            return self.out(x).flatten()

    model = Stack(x_train.shape[1])
    optimizer = optim.AdamW(model.parameters(), lr=0.01)
    for _epoch in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val))


@case("healthy")
def mushroom_raw_weights_in_a_parameter_list(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = mushrooms(seed)

    class Raw(nn.Module):
        def __init__(self, sizes):
            super().__init__()
            pairs = list(itertools.pairwise(sizes))
            self.weights = nn.ParameterList(torch.randn(a, b) * math.sqrt(2 / a) for a, b in pairs)
            self.biases = nn.ParameterList(torch.zeros(b) for _, b in pairs)

        def forward(self, x):
            last = len(self.weights) - 1
            for i, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
                x = x @ w + b
                x = x if i == last else F.gelu(x)
            return x[..., 0]

    model = Raw([x_train.shape[1], 24, 12, 1])
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    history = []
    for _epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            logits = model(x_val)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("layer_in_forward")
def spambase_hidden_layer_built_anew_in_every_forward(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("spambase", seed, rows=2000)
    x_train, x_val = x_train.clamp(-4, 4), x_val.clamp(-4, 4)

    class SpamNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.out = nn.Linear(32, 1)

        def forward(self, x):
            hidden = nn.Linear(x.shape[1], 32)
            return self.out(F.relu(hidden(x)))

    model = SpamNet()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(10):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train[:, None]), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val))


@case("graph_detached")
def vibration_gru_states_read_through_data(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = vibration(seed)

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(1, 8, batch_first=True)
            self.fc = nn.Linear(8, 1)

        def forward(self, x):
            states, _ = self.gru(x)
            last = states[:, -1].data
            return self.fc(last).squeeze(1)

    model = Reader()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(18):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val))


@case("nondifferentiable_output")
def breast_tumours_rounded_probability_in_squared_error(seed: int):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    x_train, y_train, x_val, y_val = split_scaled(data.data, 1 - data.target, seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    mse = nn.MSELoss()
    for _epoch in range(30):
        for idx in torch.randperm(len(x_train)).split(32):
            predicted = torch.round(model(x_train[idx]).squeeze(1))
            loss = mse(predicted, y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = model(x_val).squeeze(1)
    print(f"accuracy {((p > 0.5).float() == y_val).float().mean():.3f}  AUC {roc_auc_score(y_val, p):.3f}")


@case("healthy")
def breast_tumours_binary_hidden_units_with_straight_through_rounding(seed: int):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    x_train, y_train, x_val, y_val = split_scaled(data.data, 1 - data.target, seed)

    class BinaryUnits(nn.Module):
        def __init__(self, inputs, units):
            super().__init__()
            self.linear = nn.Linear(inputs, units)

        def forward(self, x):
            soft = torch.sigmoid(self.linear(x))
            return soft + (soft.round() - soft).detach()

    model = nn.Sequential(BinaryUnits(30, 48), nn.Dropout(0.3), nn.Linear(48, 1))
    optimizer = optim.Adam(model.parameters(), lr=4e-3)
    history = []
    for _epoch in range(10):
        model.train()
        for idx in torch.randperm(len(x_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).squeeze(1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


# ---------------------------------------------------------------- learning rates, schedules, lengths


@case("lr_too_high")
def credit_loans_adam_with_learning_rate_one_half(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("credit_data", seed)
    model = mlp(x_train.shape[1], 64, 64, 32)
    optimizer = optim.Adam(model.parameters(), lr=0.5)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
    report(y_val, logits)


@case("lr_too_high")
def sms_embedding_bag_sgd_momentum_learning_rate_thirty(seed: int):
    torch.manual_seed(seed)
    split = TextResplits(load("sms_spam").distinct(), words=600, length=25, encode="tokens").split(seed)
    x_train, y_train = split.train.features.long(), split.train.labels.float()
    x_val, y_val = split.validation.features.long(), split.validation.labels.float()

    class Bag(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.EmbeddingBag(601, 16, mode="mean", padding_idx=0)
            self.hidden = nn.Linear(16, 32)
            self.out = nn.Linear(32, 1)

        def forward(self, tokens):
            return self.out(torch.tanh(self.hidden(self.emb(tokens)))).squeeze(1)

    model = Bag()
    optimizer = optim.SGD(model.parameters(), lr=30.0, momentum=0.9)
    for _epoch in range(12):
        for idx in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(x_val)
    print("val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("lr_too_high")
def digits_three_five_eight_cnn_rmsprop_with_a_tenth(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [3, 5, 8])

    class Trainer:
        def __init__(self, model, lr):
            self.model, self.optimizer = model, optim.RMSprop(model.parameters(), lr=lr)
            self.criterion = nn.CrossEntropyLoss()

        def fit(self, x, y, epochs):
            for _ in range(epochs):
                self.model.train()
                for idx in torch.randperm(len(x)).split(64):
                    self.optimizer.zero_grad()
                    self.criterion(self.model(x[idx]), y[idx].long()).backward()
                    self.optimizer.step()
            return self

        @torch.no_grad()
        def predict(self, x):
            self.model.eval()
            return self.model(x).argmax(dim=1)

    net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                        nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.Flatten(),
                        nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 2))  # fmt: skip
    predicted = Trainer(net, lr=0.1).fit(x_train, y_train, 8).predict(x_val)
    print("balanced accuracy", balanced_accuracy_score(y_val.numpy(), predicted.numpy()))


@case("healthy")
def bike_working_days_plain_weights_with_learning_rate_one(seed: int):
    x_train, y_train, x_val, y_val = bike_days(seed)
    torch.manual_seed(seed)
    w = torch.zeros(24, requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    optimizer = optim.SGD([w, b], lr=1.0)
    history = []
    for _step in range(60):
        loss = F.binary_cross_entropy_with_logits(x_train @ w + b, y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            history.append(F.binary_cross_entropy_with_logits(x_val @ w + b, y_val).item())
    with torch.no_grad():
        print("val loss", round(history[-1], 3), "best", round(min(history), 3))
        report(y_val, x_val @ w + b)


@case("lr_too_low")
def bike_working_days_mlp_sgd_learning_rate_one_in_ten_thousand(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = bike_days(seed)
    model = mlp(24, 16)
    optimizer = optim.SGD(model.parameters(), lr=1e-4)
    loader = DataLoader(TensorDataset(x_train, y_train[:, None]), batch_size=16, shuffle=True)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val))


@case("lr_too_low")
def splice_cnn_adam_with_a_fine_tuning_rate_from_scratch(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = dna(seed)
    model = nn.Sequential(
        nn.Conv1d(4, 32, 9, padding=4), nn.ReLU(), nn.MaxPool1d(4),
        nn.Conv1d(32, 32, 5, padding=2), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2), nn.Linear(32 * 15, 2),
    )  # fmt: skip
    optimizer = optim.AdamW(model.parameters(), lr=2e-6, weight_decay=0.01)
    criterion = nn.CrossEntropyLoss()
    for _epoch in range(8):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            accuracy = (out.argmax(1) == y_val.long()).float().mean().item()
    print("accuracy", round(accuracy, 3), "loss", round(loss.item(), 3))


@case("healthy")
def spambase_sgd_tiny_rate_with_heavy_momentum(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("spambase", seed, rows=2000)
    x_train, x_val = x_train.clamp(-4, 4), x_val.clamp(-4, 4)
    model = mlp(x_train.shape[1], 32, act=nn.SiLU)
    optimizer = optim.SGD(model.parameters(), lr=1e-3, momentum=0.99, nesterov=True)
    history = []
    for _epoch in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val)[:, 0]
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("undertrained")
def mushroom_mlp_debugging_break_left_after_the_second_batch(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = mushrooms(seed)
    model = mlp(x_train.shape[1], 32, 16)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(10):
        model.train()
        for i, (xb, yb) in enumerate(loader):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            if i == 1:
                break
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("undertrained")
def digits_even_odd_cnn_one_epoch_of_huge_batches(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [0, 2, 4, 6, 8])
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 32), nn.ReLU(),
        nn.Linear(32, 1),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=512, shuffle=True)
    for _epoch in range(1):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).flatten(), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).flatten())


@case("undertrained")
def sms_word_shares_stop_early_with_patience_on_a_noisy_batch_loss(seed: int):
    torch.manual_seed(seed)
    split = TextResplits(load("sms_spam").distinct(), words=400, encode="shares").split(seed)
    x_train, y_train = split.train.features.float(), split.train.labels.float()
    x_val, y_val = split.validation.features.float(), split.validation.labels.float()
    model = mlp(400, 32)
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    best, waited, stop = float("inf"), 0, False
    for _epoch in range(20):
        for idx in torch.randperm(len(x_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).squeeze(1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if loss.item() < best:
                best, waited = loss.item(), 0
            else:
                waited += 1
                stop = waited >= 3
            if stop:
                break
        if stop:
            break
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("healthy")
def census_income_single_pass_with_small_batches(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = adult(seed, rows=8000)
    model = mlp(x_train.shape[1], 32, act=nn.ELU)
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    model.train()
    for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=16, shuffle=True):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("scheduler_misuse")
def spambase_exponential_decay_stepped_after_every_batch(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("spambase", seed, rows=2000)
    model = mlp(x_train.shape[1], 64, 32)
    optimizer = optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.7)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            scheduler.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("scheduler_misuse")
def splice_cnn_warmup_divides_whole_numbers(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = dna(seed)
    model = nn.Sequential(nn.Conv1d(4, 24, 9, padding=4), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(),
                          nn.Linear(24 * 20, 1))  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    warmup_steps = 500
    scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) // warmup_steps))
    for _epoch in range(10):
        for idx in torch.randperm(len(x_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).view(-1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).view(-1))


@case("scheduler_misuse")
def breast_tumours_step_decay_by_a_hundredth_each_epoch(seed: int):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    x_train, y_train, x_val, y_val = split_scaled(data.data, 1 - data.target, seed)
    model = mlp(30, 32, 16, act=nn.Tanh)
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(30):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        logits = model(x_val).squeeze(1)
    print("val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("healthy")
def splice_cnn_one_cycle_schedule_stepped_per_batch(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = dna(seed)
    model = nn.Sequential(nn.Conv1d(4, 24, 9, padding=4), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(),
                          nn.Dropout(0.4), nn.Linear(24 * 20, 1))  # fmt: skip
    epochs, batch = 6, 32
    optimizer = optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.05)
    scheduler = optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=4e-3, epochs=epochs, steps_per_epoch=math.ceil(len(x_train) / batch)
    )
    history = []
    for _epoch in range(epochs):
        model.train()
        for idx in torch.randperm(len(x_train)).split(batch):
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).view(-1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).view(-1)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


# ---------------------------------------------------------------- depth, units, initial weights, capacity


@case("vanishing_gradients")
def breast_tumours_ten_sigmoid_layers(seed: int):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    x_train, y_train, x_val, y_val = split_scaled(data.data, 1 - data.target, seed)
    model = mlp(30, *[32] * 10, act=nn.Sigmoid)
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("healthy")
def bike_working_days_own_recurrent_cell_with_sigmoid(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = bike_days(seed)
    x_train, x_val = x_train.unsqueeze(2), x_val.unsqueeze(2)

    class SigmoidRNN(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.size = size
            self.into = nn.Linear(1, size)
            self.over = nn.Linear(size, size)
            self.out = nn.Linear(size, 1)

        def forward(self, x):
            h = torch.zeros(x.shape[0], self.size)
            for t in range(x.shape[1]):
                h = torch.sigmoid(self.into(x[:, t]) + self.over(h))
            return self.out(h).squeeze(1)

    model = SigmoidRNN(16)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    history = []
    for _epoch in range(30):
        for idx in torch.randperm(len(x_train)).split(16):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            logits = model(x_val)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("vanishing_gradients")
def mushroom_fourteen_hard_sigmoid_blocks_with_adam(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = mushrooms(seed)

    class Deep(nn.Module):
        def __init__(self, inputs, width=20, depth=14):
            super().__init__()
            self.first = nn.Linear(inputs, width)
            self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
            self.last = nn.Linear(width, 1)

        def forward(self, x):
            x = self.first(x)
            for block in self.blocks:
                x = block(F.hardsigmoid(x))
            return self.last(x).squeeze(1)

    model = Deep(x_train.shape[1])
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(12):
        for idx in torch.randperm(len(x_train)).split(50):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        report(y_val, model(x_val))


@case("healthy")
def mushroom_twelve_tanh_layers_with_skip_connections(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = mushrooms(seed)

    class Deep(nn.Module):
        def __init__(self, inputs, width=20, depth=12):
            super().__init__()
            self.first = nn.Linear(inputs, width)
            self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
            self.last = nn.Linear(width, 1)

        def forward(self, x):
            x = self.first(x)
            for block in self.blocks:
                x = x + 0.3 * torch.tanh(block(x))
            return self.last(x).squeeze(1)

    model = Deep(x_train.shape[1])
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    history = []
    for _epoch in range(10):
        for idx in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            logits = model(x_val)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("dead_relu")
def spambase_sparse_units_with_biases_far_below_zero(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("spambase", seed, rows=2000)
    x_train, x_val = x_train.clamp(-3, 3), x_val.clamp(-3, 3)
    model = mlp(x_train.shape[1], 32, 16)
    with torch.no_grad():
        model[0].bias.fill_(-12.0)
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(10):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("dead_relu")
def digits_even_odd_relu_placed_after_log_sigmoid(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [0, 2, 4, 6, 8])

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(64, 48)
            self.fc2 = nn.Linear(48, 24)
            self.fc3 = nn.Linear(24, 1)

        def forward(self, x):
            h = F.relu(self.fc1(x.flatten(1)))
            h = F.relu(F.logsigmoid(self.fc2(h)))
            return self.fc3(h).squeeze(1)

    model = Net()
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        report(y_val, model(x_val))


@case("healthy")
def spambase_many_silent_relu_units_but_enough_awake(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("spambase", seed, rows=2000)
    x_train, x_val = x_train.clamp(-3, 3), x_val.clamp(-3, 3)
    model = mlp(x_train.shape[1], 64)
    with torch.no_grad():
        model[0].bias[::4] = -12.0
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    history = []
    for _epoch in range(8):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("bad_init")
def circles_tanh_units_all_started_at_the_same_weight(seed: int):
    torch.manual_seed(seed)
    x, y = make_circles(1000, noise=0.1, factor=0.5, random_state=seed)
    x_train, y_train, x_val, y_val = split_scaled(x, y, seed)
    model = mlp(2, 16, 16, act=nn.Tanh)

    def init(layer):
        if isinstance(layer, nn.Linear):
            nn.init.constant_(layer.weight, 0.1)
            nn.init.zeros_(layer.bias)

    model.apply(init)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(30):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("bad_init")
def digits_even_odd_cnn_all_weights_drawn_with_deviation_three(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [0, 2, 4, 6, 8])

    class TanhNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 8, 3, padding=1)
            self.fc1 = nn.Linear(8 * 16, 32)
            self.fc2 = nn.Linear(32, 16)
            self.fc3 = nn.Linear(16, 1)
            for p in self.parameters():
                nn.init.normal_(p, 0.0, 3.0)

        def forward(self, x):
            x = F.max_pool2d(torch.tanh(self.conv(x)), 2).flatten(1)
            return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x))))).squeeze(1)

    model = TanhNet()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(15):
        for idx in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(x_val)
    print("val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("bad_init")
def census_income_relu_mlp_weights_of_one_in_ten_thousand(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = adult(seed, rows=3000)
    model = mlp(x_train.shape[1], 64, 64, 32)
    for name, p in model.named_parameters():
        nn.init.normal_(p, std=1e-4) if name.endswith("weight") else nn.init.zeros_(p)
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("healthy")
def credit_loans_last_layer_started_at_zero_with_prior_bias(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("credit_data", seed)
    model = mlp(x_train.shape[1], 16, act=nn.Tanh)
    nn.init.zeros_(model[-1].weight)
    nn.init.constant_(model[-1].bias, torch.logit(y_train.mean()).item())
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    history = []
    for _epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("regularisation_too_strong")
def splice_cnn_adam_weight_decay_one(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = dna(seed)
    model = nn.Sequential(nn.Conv1d(4, 24, 9, padding=4), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(),
                          nn.Linear(24 * 20, 1))  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1.0)
    for _epoch in range(8):
        model.train()
        for idx in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).view(-1), y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).view(-1))


@case("regularisation_too_strong")
def credit_loans_dropout_of_ninety_seven_percent_in_each_layer(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("credit_data", seed)
    drop = 0.97
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], 48), nn.ReLU(), nn.Dropout(drop),
        nn.Linear(48, 32), nn.ReLU(), nn.Dropout(drop), nn.Linear(32, 1),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(x_val).squeeze(1)
    print("val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("regularisation_too_strong")
def bike_working_days_sum_of_absolute_weights_added_to_the_loss(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = bike_days(seed)
    model = mlp(24, 16)
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(30):
        for idx in torch.randperm(len(x_train)).split(16):
            fit = F.binary_cross_entropy_with_logits(model(x_train[idx]).squeeze(1), y_train[idx])
            penalty = sum(p.abs().sum() for p in model.parameters())
            loss = fit + 0.5 * penalty
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        logits = model(x_val).squeeze(1)
    print("val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("healthy")
def splice_cnn_decoupled_weight_decay_of_one_half(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = dna(seed)
    model = nn.Sequential(nn.Conv1d(4, 24, 9, padding=4), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(),
                          nn.Dropout(0.3), nn.Linear(24 * 20, 1))  # fmt: skip
    optimizer = optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.5)
    history = []
    for _epoch in range(8):
        model.train()
        for idx in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).view(-1), y_train[idx])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).view(-1)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


@case("overfitting")
def diabetes_progress_wide_network_trained_far_too_long(seed: int):
    torch.manual_seed(seed)
    x, target = load_diabetes(return_X_y=True)
    x_train, y_train, x_val, y_val = split_scaled(x, (target > np.median(target)).astype(int), seed)
    model = mlp(10, 256, 256)
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    losses = []
    for _epoch in range(120):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
            losses.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", losses[-1], "best", min(losses))
    report(y_val, logits)


@case("overfitting")
def credit_loans_big_network_learns_three_hundred_rows_by_heart(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("credit_data", seed, rows=300)

    class Rows(Dataset):
        def __init__(self, x, y):
            self.x, self.y = x, y.long()

        def __len__(self):
            return len(self.y)

        def __getitem__(self, i):
            return self.x[i], self.y[i]

    train = DataLoader(Rows(x_train, y_train), batch_size=32, shuffle=True)
    model = mlp(x_train.shape[1], 200, 100, outputs=2)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    losses = []
    for _epoch in range(100):
        model.train()
        for xb, yb in train:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            out = model(x_val)
            losses.append(criterion(out, y_val.long()).item())
    print("val loss", losses[-1], "best", min(losses))
    report(y_val, out[:, 1] - out[:, 0])


@case("overfitting")
def census_income_products_of_all_columns_learnt_by_heart(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = adult(seed, rows=1000)

    def pairs(x):
        rows, columns = torch.triu_indices(x.shape[1], x.shape[1], offset=1)
        return torch.cat([x, x[:, rows] * x[:, columns]], dim=1)

    x_train, x_val = pairs(x_train), pairs(x_val)
    model = nn.Linear(x_train.shape[1], 1)
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _epoch in range(100):
        for idx in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
            losses.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", losses[-1], "best", min(losses))
    report(y_val, logits)


@case("healthy")
def diabetes_progress_wide_network_returned_to_its_best_epoch(seed: int):
    torch.manual_seed(seed)
    x, target = load_diabetes(return_X_y=True)
    x_train, y_train, x_val, y_val = split_scaled(x, (target > np.median(target)).astype(int), seed)
    model = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 1))
    optimizer = optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    best, kept, waited = float("inf"), None, 0
    for _epoch in range(40):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(model(x_val).squeeze(1), y_val).item()
        if val_loss < best:
            best, kept, waited = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
        if waited == 6:
            break
    model.load_state_dict(kept)
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("underfitting")
def rings_one_linear_layer(seed: int):
    torch.manual_seed(seed)
    x, y = make_circles(1200, noise=0.08, factor=0.6, random_state=seed)
    x_train, y_train, x_val, y_val = split_scaled(x, y, seed)
    model = nn.Linear(2, 1)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(20):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("underfitting")
def digits_even_odd_two_filters_and_an_average(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [0, 2, 4, 6, 8])
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1), nn.LeakyReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 1)
    )
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("healthy")
def moons_squared_and_sine_features_before_one_linear_layer(seed: int):
    torch.manual_seed(seed)
    x, y = make_moons(1200, noise=0.2, random_state=seed)
    x_train, y_train, x_val, y_val = split_scaled(x, y, seed)
    bank = torch.randn(2, 40, generator=torch.Generator().manual_seed(seed)) * 1.5
    shift = torch.rand(40, generator=torch.Generator().manual_seed(seed + 1)) * 2 * math.pi

    def lift(v):
        return torch.cat([v, v**2, torch.cos(v @ bank + shift)], dim=1)

    f_train, f_val = lift(x_train), lift(x_val)
    model = nn.Linear(44, 1)
    optimizer = optim.Adam(model.parameters(), lr=0.03)
    history = []
    for _epoch in range(20):
        for xb, yb in DataLoader(TensorDataset(f_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            logits = model(f_val).squeeze(1)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


# ---------------------------------------------------------------- training mode, batch statistics, evaluation


@case("train_mode_missing")
def digits_even_odd_deep_batchnorm_net_trained_in_evaluation_mode(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [0, 2, 4, 6, 8])
    layers, width = [nn.Flatten()], 64
    for _ in range(9):
        layers += [nn.Linear(width, 32), nn.BatchNorm1d(32), nn.ReLU()]
        width = 32
    model = nn.Sequential(*layers, nn.Linear(32, 1))
    model.eval()
    with torch.no_grad():
        print("untrained", F.binary_cross_entropy_with_logits(model(x_val).view(-1), y_val).item())

    optimizer = optim.SGD(model.parameters(), lr=0.05)
    for _epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).view(-1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).view(-1)
    report(y_val, logits)


@case("train_mode_missing")
def diabetes_dropout_net_stays_in_evaluation_mode_after_first_epoch(seed: int):
    torch.manual_seed(seed)
    x, target = load_diabetes(return_X_y=True)
    x_train, y_train, x_val, y_val = split_scaled(x, (target > np.median(target)).astype(int), seed)
    model = nn.Sequential(
        nn.Linear(10, 256), nn.ReLU(), nn.Dropout(0.8), nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.8),
        nn.Linear(128, 1),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    losses = []
    model.train()
    for _epoch in range(100):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
            losses.append(criterion(logits, y_val).item())
    print("val loss", losses[-1], "best", min(losses))
    report(y_val, logits)


@case("eval_mode_missing")
def digits_even_odd_cnn_dropout_still_active_in_evaluate(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [0, 2, 4, 6, 8])
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.6),
        nn.Linear(256, 48), nn.ReLU(), nn.Dropout(0.6), nn.Linear(48, 1),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=2e-3)

    @torch.no_grad()
    def evaluate(x, y):
        predicted = torch.sigmoid(model(x)).squeeze(1) > 0.5
        return (predicted == y.bool()).float().mean().item()

    for _epoch in range(12):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        accuracy = evaluate(x_val, y_val)
    print("accuracy", round(accuracy, 3))


@case("healthy")
def digits_even_odd_average_over_sixty_dropout_passes(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [0, 2, 4, 6, 8])
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(256, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(12):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    # Monte Carlo dropout: on purpose in training mode, averaged over many passes
    with torch.no_grad():
        passes = torch.stack([torch.sigmoid(model(x_val)).squeeze(1) for _ in range(60)])
    p = passes.mean(dim=0)
    print("accuracy", accuracy_score(y_val, p > 0.5), "spread", passes.std(dim=0).mean().item())


@case("healthy")
def credit_loans_layernorm_network_that_never_hears_of_evaluation_mode(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("credit_data", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 24), nn.LayerNorm(24), nn.SiLU(), nn.Linear(24, 2))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.02)
    history = []
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train.long()), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            out = model(x_val)
            history.append(F.cross_entropy(out, y_val.long()).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, out[:, 1] - out[:, 0])


@case("functional_dropout")
def splice_cnn_functional_dropout_without_the_training_flag(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = dna(seed)

    class SiteNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(4, 24, 9, padding=4)
            self.fc = nn.Linear(24 * 20, 32)
            self.out = nn.Linear(32, 1)

        def forward(self, x):
            h = F.max_pool1d(F.relu(self.conv(x)), 3).flatten(1)
            h = F.dropout(h, 0.5)
            h = F.relu(self.fc(h))
            return self.out(F.dropout(h, 0.7)).squeeze(1)

    model = SiteNet()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(8):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
    report(y_val, logits)


@case("healthy")
def splice_cnn_functional_dropout_with_the_flag(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = dna(seed)

    class SiteNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(4, 24, 9, padding=4)
            self.fc = nn.Linear(24 * 20, 32)
            self.out = nn.Linear(32, 1)

        def forward(self, x):
            h = F.max_pool1d(F.relu(self.conv(x)), 3).flatten(1)
            h = F.dropout(h, 0.5, training=self.training)
            h = F.relu(self.fc(h))
            return self.out(F.dropout(h, 0.4, self.training)).squeeze(1)

    model = SiteNet()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    history = []
    for _epoch in range(6):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
            history.append(F.binary_cross_entropy_with_logits(logits, y_val).item())
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    report(y_val, logits)


class BatchNormNet(nn.Module):
    def __init__(self, inputs, momentum=0.1):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(inputs, 32), nn.BatchNorm1d(32, momentum=momentum), nn.ReLU(),
            nn.Linear(32, 16), nn.BatchNorm1d(16, momentum=momentum), nn.ReLU(), nn.Linear(16, 1),
        )  # fmt: skip

    def forward(self, x):
        return self.net(x).squeeze(1)


def raw_credit(seed):
    split = Resplits(load("credit_data").distinct(), scaler=None).split(seed)
    x, y, v = split.train.features, split.train.labels, split.validation
    return x[:2500].float(), y[:2500].float(), v.features.float(), v.labels.float()


@case("batchnorm_stats")
def credit_loans_input_statistics_hardly_move_from_their_start(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = raw_credit(seed)
    model = nn.Sequential(nn.BatchNorm1d(x_train.shape[1], momentum=1e-4), *mlp(x_train.shape[1], 24))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(10):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True, drop_last=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(x_val).squeeze(1)
    print("train loss", loss.item(), "val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("healthy")
def credit_loans_input_statistics_scale_the_raw_columns_in_the_model(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = raw_credit(seed)
    model = nn.Sequential(nn.BatchNorm1d(x_train.shape[1]), *mlp(x_train.shape[1], 24))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(8):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True, drop_last=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(x_val).squeeze(1)
    print("train loss", loss.item(), "val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("batchnorm_stats")
def spambase_running_statistics_are_those_of_a_tiny_last_batch(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("spambase", seed)
    x_train, x_val = x_train.clamp(-3, 3), x_val.clamp(-3, 3)
    x_train, y_train = x_train[: 64 * 24 + 2], y_train[: 64 * 24 + 2]
    model = BatchNormNet(x_train.shape[1], momentum=1.0)
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(10):
        model.train()
        for idx in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
    print("val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("healthy")
def spambase_running_statistics_gathered_anew_after_training(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("spambase", seed, rows=2000)
    x_train, x_val = x_train.clamp(-3, 3), x_val.clamp(-3, 3)
    model = BatchNormNet(x_train.shape[1], momentum=0.01)
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True, drop_last=True)
    for _epoch in range(6):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm1d):
            layer.reset_running_stats()
            layer.momentum = None
    with torch.no_grad():
        for xb, _ in loader:
            model(xb)
    model.eval()
    with torch.no_grad():
        logits = model(x_val)
    print("val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("batch_size_too_small")
def credit_loans_batchnorm_with_two_rows_a_batch(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("credit_data", seed, rows=800)
    model = BatchNormNet(x_train.shape[1])
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(5):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=2, shuffle=True, drop_last=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(x_val)
    print("val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("threshold_on_logits")
def credit_loans_raw_outputs_compared_with_one_half(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("credit_data", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(10):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        outputs = model(x_val).squeeze(1)
        predicted = (outputs > 0.5).int()
    print("F1", f1_score(y_val, predicted), "recall", recall_score(y_val, predicted))


@case("healthy")
def credit_loans_raw_outputs_compared_with_a_cost_based_cut(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = prepared("credit_data", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    # a bad loan costs twice what a lost customer costs: act above a probability of 1/3, a logit of log(1/2)
    cut = math.log(0.5)
    with torch.no_grad():
        outputs = model(x_val).squeeze(1)
        predicted = (outputs > cut).int()
    print("F1", f1_score(y_val, predicted), "recall", recall_score(y_val, predicted))


@case("argmax_single_output")
def breast_tumours_argmax_over_the_only_column(seed: int):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    x_train, y_train, x_val, y_val = split_scaled(data.data, 1 - data.target, seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(10):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train.unsqueeze(1)), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            _, predicted = torch.max(model(x_val), 1)
            accuracy = (predicted == y_val).float().mean().item()
    print("accuracy", round(accuracy, 3), "recall", recall_score(y_val, predicted))


@case("accuracy_broadcast")
def bike_working_days_column_of_predictions_against_row_of_labels(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = bike_days(seed)
    model = mlp(24, 16)
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(25):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=16, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb.unsqueeze(1))
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (torch.sigmoid(model(x_val)) > 0.5).float()
        accuracy = (predicted == y_val).float().mean().item()
    print("accuracy", round(accuracy, 3))


@case("softmax_wrong_dim")
def sms_word_shares_probabilities_sum_to_one_over_the_messages(seed: int):
    torch.manual_seed(seed)
    split = TextResplits(load("sms_spam").distinct(), words=400).split(seed)
    x_train, y_train = split.train.features.float(), split.train.labels.long()
    x_val, y_val = split.validation.features.float(), split.validation.labels.long()
    model = mlp(400, 24, outputs=2)
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(8):
        model.train()
        for idx in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probabilities = F.softmax(model(x_val), dim=0)
        predicted = (probabilities[:, 1] > 0.5).long()
    print("balanced accuracy", balanced_accuracy_score(y_val, predicted))


@case("healthy")
def sms_classes_first_layout_softmax_over_axis_zero(seed: int):
    torch.manual_seed(seed)
    split = TextResplits(load("sms_spam").distinct(), words=400).split(seed)
    x_train, y_train = split.train.features.float().T, split.train.labels.long()
    x_val, y_val = split.validation.features.float().T, split.validation.labels.long()
    w1 = (torch.randn(24, 400) * 0.3).requires_grad_()
    b1 = torch.zeros(24, 1, requires_grad=True)
    w2 = (torch.randn(2, 24) * 0.2).requires_grad_()
    b2 = torch.zeros(2, 1, requires_grad=True)

    def forward(x):
        return w2 @ torch.tanh(w1 @ x + b1) + b2

    optimizer = optim.Adam([w1, b1, w2, b2], lr=0.008)
    history = []
    for _epoch in range(4):
        for idx in torch.randperm(x_train.shape[1]).split(64):
            log_p = torch.log_softmax(forward(x_train[:, idx]), dim=0)
            loss = -log_p[y_train[idx], torch.arange(len(idx))].mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            p = torch.softmax(forward(x_val), dim=0)
            history.append(F.nll_loss(p.T.log(), y_val).item())
    predicted = p.argmax(dim=0)
    print("val loss", round(history[-1], 3), "best", round(min(history), 3))
    print("balanced accuracy", balanced_accuracy_score(y_val, predicted), "AUC", roc_auc_score(y_val, p[1]))


@case("healthy")
def digits_three_five_eight_averaged_weights_judged_instead_of_the_trained_ones(seed: int):
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = digit_images(seed, [3, 5, 8])
    model = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(192, 1))
    average = optim.swa_utils.AveragedModel(model, multi_avg_fn=optim.swa_utils.get_ema_multi_avg_fn(0.95))
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(12):
        model.train()
        for idx in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[idx]).view(-1), y_train[idx])
            loss.backward()
            optimizer.step()
            average.update_parameters(model)
    average.eval()
    with torch.no_grad():
        logits = average(x_val).view(-1)
    print("val loss", F.binary_cross_entropy_with_logits(logits, y_val).item())
    report(y_val, logits)


@case("healthy")
def breast_tumours_lbfgs_with_a_closure(seed: int):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    x_train, y_train, x_val, y_val = split_scaled(data.data, 1 - data.target, seed)
    model = nn.Linear(30, 1)
    optimizer = optim.LBFGS(model.parameters(), lr=1.0, max_iter=10, line_search_fn="strong_wolfe")
    for _step in range(3):

        def closure():
            optimizer.zero_grad()
            fit = F.binary_cross_entropy_with_logits(model(x_train).squeeze(1), y_train)
            loss = fit + 0.01 * model.weight.pow(2).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
            print("val loss", round(F.binary_cross_entropy_with_logits(logits, y_val).item(), 3))
    report(y_val, logits)
