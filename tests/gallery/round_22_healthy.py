"""Healthy trainings on images, texts, signals, graphs, sets and sequences."""

import copy
import itertools
import math
import re
from collections import Counter, OrderedDict
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    log_loss,
    precision_recall_curve,
    roc_auc_score,
)
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold, train_test_split
from torch import nn
from torch.func import functional_call, grad_and_value, stack_module_state, vmap
from torch.nn.utils import parametrizations, parametrize
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, WeightedRandomSampler

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- where the data come from


def digit_images():
    images, digits = load_digits(return_X_y=True)
    return images.reshape(-1, 8, 8).astype(np.float32) / 16, digits


def shape_images(seed, count=1600):
    """Squares (0) and discs (1), 16 x 16 pixels, anywhere, of any size, on noise."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:16, :16]
    labels = rng.integers(0, 2, count)
    images = np.empty((count, 16, 16), dtype=np.float32)
    for i, label in enumerate(labels):
        y, x = rng.uniform(6, 10, 2)
        radius = rng.uniform(3.5, 5.5)
        if label:
            inside = (rows - y) ** 2 + (columns - x) ** 2 < radius**2
        else:
            inside = np.maximum(abs(rows - y), abs(columns - x)) < radius * 0.886
        images[i] = inside * rng.uniform(0.6, 1.0) + rng.normal(0, 0.12, (16, 16))
    return images, labels


def grating_images(seed, count=1400):
    """Stripes about level (0) or about upright (1) in strong noise."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:16, :16]
    labels = rng.integers(0, 2, count)
    images = []
    for label in labels:
        angle = math.radians(90 * label + rng.uniform(-25, 25))
        across = rows * math.cos(angle) + columns * math.sin(angle)
        wave = np.sin(rng.uniform(0.8, 1.5) * across + rng.uniform(0, 6.3))
        images.append(rng.uniform(0.7, 1.3) * wave + rng.normal(0, 1.0, (16, 16)) + rng.normal(0, 1))
    return np.array(images, dtype=np.float32), labels


def blotch_images(seed, count=1400):
    """Fine (0) and coarse (1) random textures."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    images = []
    for label in labels:
        field = gaussian_filter(rng.normal(size=(20, 20)), 0.8 + 0.5 * label + rng.uniform(-0.2, 0.2))[2:18, 2:18]
        images.append(128 + 40 * rng.uniform(0.6, 1.4) * field / field.std() + rng.normal(0, 8, (16, 16)))
    return np.clip(images, 0, 255).astype(np.uint8), labels


def messages(count, seed):
    table = load("sms_spam").distinct()
    chosen = np.random.default_rng(seed).permutation(len(table.labels))[:count]
    return [table.features["text"].iloc[i] for i in chosen], table.labels[chosen]


def first_names():
    """Each name once; 1 if it is commoner among women."""
    table = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    share = table.pivot_table(index="name", columns="list", values="percent", aggfunc="sum").fillna(0.0)
    return list(share.index), (share["F"] > share["M"]).to_numpy().astype(int)


def splice_letters():
    table = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    return table["sequence"].tolist(), table["is_junction"].to_numpy()


def log_sessions(seed, count=1500):
    """Sessions of events; 1 if three failures in a row come right before a success."""
    rng = np.random.default_rng(seed)
    calm = ["open", "read", "write", "list", "ping", "close"]
    sessions, labels = [], []
    for _ in range(count):
        events = list(rng.choice(calm, rng.integers(10, 28)))
        bad = int(rng.random() < 0.4)
        if bad:
            place = rng.integers(0, len(events))
            events[place:place] = ["fail", "fail", "fail", "login"]
        else:
            for event in ["fail", "fail", "fail", "login"]:
                events.insert(rng.integers(0, len(events) + 1), event)
        sessions.append(events)
        labels.append(bad)
    return sessions, np.array(labels)


def vibrations(seed, machines=60, windows=20):
    """Windows of 128 samples of machines, half of them with a chipped bearing: small ringing knocks."""
    rng = np.random.default_rng(seed)
    signals, labels, groups = [], [], []
    for machine in range(machines):
        faulty, speed, hiss = machine % 2, rng.uniform(0.05, 0.12), rng.uniform(0.4, 0.6)
        ring, size = rng.uniform(0.25, 0.35), rng.uniform(1.3, 2.0)
        for _ in range(windows):
            t = np.arange(128)
            wave = np.sin(2 * np.pi * (speed * t + rng.random())) + rng.normal(0, hiss, 128)
            for knock in range(rng.integers(0, 30), 128, 30) if faulty else []:
                after = t[knock:] - knock
                wave[knock:] += size * np.exp(-after / 5) * np.sin(2 * np.pi * ring * after)
            signals.append(wave)
            labels.append(faulty)
            groups.append(machine)
    return np.array(signals, dtype=np.float32), np.array(labels), np.array(groups)


def heart_beats(seed, patients=50, beats=24):
    """Beats of 96 samples; 1 = an extra beat: broad, without a P wave, about a third of all."""
    rng = np.random.default_rng(seed)
    t = np.arange(96)
    rows, labels, groups = [], [], []

    def bump(centre, width, height):
        return height * np.exp(-0.5 * ((t - centre) / width) ** 2)

    for patient in range(patients):
        gain, base = rng.uniform(0.7, 1.4), rng.uniform(-0.5, 0.5)
        for _ in range(beats):
            extra, shift = int(rng.random() < 0.33), rng.normal(0, 3)
            if extra:
                beat = bump(45 + shift, rng.uniform(3.5, 6), 1.0) - bump(66 + shift, 7, rng.uniform(0.0, 0.3))
            else:
                beat = bump(28 + shift, 4, rng.uniform(0.05, 0.2)) + bump(45 + shift, rng.uniform(2, 4), 1.0)
                beat += bump(68 + shift, 7, rng.uniform(0.0, 0.3))
            rows.append(gain * beat + base + rng.normal(0, 0.12, 96))
            labels.append(extra)
            groups.append(patient)
    return np.array(rows, dtype=np.float32), np.array(labels), np.array(groups)


def chirps(seed, count=1200, length=256):
    """A tone that falls (0) or rises (1), in noise."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    t = np.arange(length)
    start, change = rng.uniform(0.08, 0.25, count), rng.uniform(0.06, 0.15, count)
    first = np.where(labels == 1, start, start + change)[:, None]
    slope = np.where(labels == 1, change, -change)[:, None] / length
    phase = 2 * np.pi * (first * t + slope * t**2 / 2) + rng.uniform(0, 6.3, (count, 1))
    return (np.sin(phase) + rng.normal(0, 0.9, (count, length))).astype(np.float32), labels


def call_counts(seed, count=1600, length=48):
    """Calls by half hour: steady (0), or each call draws others after it (1), with the same mean."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    counts = np.zeros((count, length))
    excited = np.zeros(count)
    rate = rng.uniform(3, 6, count)
    for step in range(length):
        mean = np.where(labels == 1, 0.35 * rate + 0.65 * excited, rate)
        counts[:, step] = rng.poisson(mean)
        excited = counts[:, step] * 0.8 + excited * 0.2 if step else counts[:, step]
    return counts.astype(np.float32), labels


def steps_of_people(seed, people=50, windows=24):
    """Three axes of an accelerometer at 20 Hz, 3.2 seconds; 0 = walking, 1 = running."""
    rng = np.random.default_rng(seed)
    t = np.arange(64) / 20
    rows, labels, groups = [], [], []
    for person in range(people):
        pace, tilt, gain = rng.normal(0, 0.1), rng.normal(0, 1.0, 3), rng.uniform(0.7, 1.4)
        for window in range(windows):
            running = window % 2
            rate = (2.5 if running else 1.9) + pace + rng.normal(0, 0.1)
            phase = 2 * np.pi * (rate * t + rng.random())
            axes = np.stack([np.sin(phase), 0.6 * np.sin(phase / 2 + 1), 0.8 * np.sin(2 * phase)])
            rows.append(gain * axes + tilt[:, None] + rng.normal(0, 0.7, (3, 64)))
            labels.append(running)
            groups.append(person)
    return np.array(rows, dtype=np.float32), np.array(labels), np.array(groups)


def coloured_graphs(seed, count=1000):
    """Graphs of 12 to 18 nodes in three colours; 1 = edges like to join nodes of the same colour."""
    rng = np.random.default_rng(seed)
    graphs = []
    for _ in range(count):
        label, nodes = int(rng.integers(0, 2)), int(rng.integers(12, 19))
        colours = rng.integers(0, 3, nodes)
        same = colours[:, None] == colours[None, :]
        chance = np.where(same, 0.40, 0.12) if label else np.full((nodes, nodes), 0.21)
        upper = np.triu(rng.random((nodes, nodes)) < chance, 1)
        graphs.append((np.eye(3, dtype=np.float32)[colours], (upper | upper.T).astype(np.float32), label))
    return graphs


def point_sets(seed, count=1200):
    """Sets of 10 to 30 points of a disc (0) or a ring (1), anywhere, of any size."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    sets = []
    for label in labels:
        size = rng.integers(10, 31)
        radius = rng.uniform(0.65, 1.0, size) if label else np.sqrt(rng.uniform(0, 1, size))
        angle = rng.uniform(0, 2 * np.pi, size)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        sets.append((rng.uniform(0.8, 1.2) * points + rng.normal(0, 0.3, 2)).astype(np.float32))
    return sets, labels


def bags_of_cells(seed, count=1000):
    """Bags of 5 to 15 cells with 8 measures; 1 = the bag holds one to three sick cells."""
    rng = np.random.default_rng(seed)
    bags, labels = [], []
    for _ in range(count):
        cells = rng.normal(size=(rng.integers(5, 16), 8))
        label = int(rng.random() < 0.5)
        if label:
            cells[: rng.integers(1, 4)] += np.array([2.5, 0, -2.0, 0, 0, 1.5, 0, 0])
        bags.append(cells[rng.permutation(len(cells))].astype(np.float32))
        labels.append(label)
    return bags, np.array(labels)


# ---------------------------------------------------------------- images


@case("healthy")
def cnn_on_digits_shifts_and_onecycle(seed: int) -> None:
    torch.manual_seed(seed)
    images, digits = digit_images()
    odd = digits % 2
    x_train, x_val, y_train, y_val = train_test_split(images, odd, test_size=0.3, stratify=odd, random_state=seed)
    x_train, x_val = torch.tensor(x_train)[:, None], torch.tensor(x_val)[:, None]
    y_train, y_val = torch.tensor(y_train).float(), torch.tensor(y_val).float()

    def shift(batch):
        padded = F.pad(batch, (1, 1, 1, 1))
        corners = torch.randint(0, 3, (len(batch), 2)).tolist()
        pairs = zip(padded, corners, strict=True)
        return torch.stack([image[:, top : top + 8, left : left + 8] for image, (top, left) in pairs])

    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 16, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1),
    )  # fmt: skip
    epochs, batch = 15, 64
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-2)
    per_epoch = math.ceil(len(x_train) / batch)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=3e-3, epochs=epochs, steps_per_epoch=per_epoch)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(epochs):
        net.train()
        total = 0.0
        for rows in torch.randperm(len(x_train)).split(batch):
            opt.zero_grad()
            loss = loss_fn(net(shift(x_train[rows])).squeeze(1), y_train[rows])
            loss.backward()
            opt.step()
            sched.step()
            total += loss.item() * len(rows)
        net.eval()
        with torch.no_grad():
            logits = net(x_val).squeeze(1)
            val = loss_fn(logits, y_val).item()
        print(f"epoch {epoch + 1:2d}  train {total / len(x_train):.4f}  val {val:.4f}")
    print(f"accuracy {((logits > 0).float() == y_val).float().mean():.4f}  AUC {roc_auc_score(y_val, logits):.4f}")


@case("healthy")
def focal_loss_eights_threshold_from_validation(seed: int) -> None:
    torch.manual_seed(seed)
    images, digits = digit_images()
    target = (digits == 8).astype(np.float32)
    rest, test = train_test_split(np.arange(len(target)), test_size=0.25, stratify=target, random_state=seed)
    train, val = train_test_split(rest, test_size=0.25, stratify=target[rest], random_state=seed)
    mean, std = images[train].mean(), images[train].std()
    x = torch.from_numpy((images - mean) / std).unsqueeze(1)
    y = torch.from_numpy(target)

    class FocalLoss(nn.Module):
        def __init__(self, gamma=2.0, alpha=0.5):
            super().__init__()
            self.gamma, self.alpha = gamma, alpha

        def forward(self, logits, target):
            bce = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
            p_t = torch.exp(-bce)
            alpha_t = self.alpha * target + (1 - self.alpha) * (1 - target)
            return (alpha_t * (1 - p_t) ** self.gamma * bce).mean()

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
            self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
            self.drop = nn.Dropout(0.3)
            self.fc = nn.Linear(24 * 4, 1)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(self.drop(x.flatten(1))).squeeze(-1)

    model, criterion = Net(), FocalLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 24)
    loader = DataLoader(TensorDataset(x[train], y[train]), batch_size=64, shuffle=True)
    for epoch in range(24):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            print(epoch, f"focal train {criterion(model(x[train]), y[train]):.5f}",
                  f"val {criterion(model(x[val]), y[val]):.5f}")  # fmt: skip
    with torch.no_grad():
        p_val, p_test = torch.sigmoid(model(x[val])).numpy(), torch.sigmoid(model(x[test])).numpy()
    precision, recall, cuts = precision_recall_curve(target[val], p_val)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    cut = cuts[f1[:-1].argmax()]
    print(f"cut {cut:.3f}: test F1 {f1_score(target[test], p_test >= cut):.3f}, AP "
          f"{average_precision_score(target[test], p_test):.3f}")  # fmt: skip


@case("healthy")
def backbone_from_low_digits_frozen_for_high_ones(seed: int) -> None:
    torch.manual_seed(seed)
    images, digits = digit_images()
    x = torch.from_numpy(images).unsqueeze(1)
    low, high = np.flatnonzero(digits < 5), np.flatnonzero(digits >= 5)

    backbone = nn.Sequential(
        nn.Conv2d(1, 24, 3, padding=1), nn.ReLU(),
        nn.Conv2d(24, 48, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
    )  # fmt: skip
    source_head = nn.Linear(48 * 16, 5)
    opt = torch.optim.Adam([*backbone.parameters(), *source_head.parameters()], lr=2e-3)
    y_low = torch.from_numpy(digits)
    for _ in range(6):
        for rows in torch.from_numpy(low)[torch.randperm(len(low))].split(64):
            opt.zero_grad()
            F.cross_entropy(source_head(backbone(x[rows])), y_low[rows]).backward()
            opt.step()

    # the new task: odd or even among 5 .. 9; only the head learns
    backbone.requires_grad_(False).eval()
    odd = (digits[high] % 2).astype(np.float32)
    train, val = train_test_split(np.arange(len(high)), test_size=0.3, stratify=odd, random_state=seed)
    with torch.no_grad():
        features = backbone(x[torch.from_numpy(high)])
    target = torch.from_numpy(odd)
    head = nn.Sequential(nn.Dropout(0.2), nn.Linear(features.shape[1], 1))
    opt = torch.optim.AdamW(head.parameters(), lr=3e-3, weight_decay=0.05)
    for epoch in range(30):
        head.train()
        for rows in torch.from_numpy(train)[torch.randperm(len(train))].split(32):
            loss = F.binary_cross_entropy_with_logits(head(features[rows])[:, 0], target[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            head.eval()
            with torch.no_grad():
                out = head(features)[:, 0]
                losses = [F.binary_cross_entropy_with_logits(out[part], target[part]).item() for part in (train, val)]
            print(f"[{epoch + 1}] train {losses[0]:.4f} val {losses[1]:.4f} acc "
                  f"{accuracy_score(odd[val], out[val] > 0):.4f}")  # fmt: skip


@case("healthy")
def discs_and_squares_with_mixup(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    images, labels = shape_images(seed)
    n = 1200
    x_tr, y_tr = torch.from_numpy(images[:n, None]), torch.from_numpy(labels[:n])
    x_va, y_va = torch.from_numpy(images[n:, None]), torch.from_numpy(labels[n:])

    def block(i, o):
        return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))

    net = nn.Sequential(
        block(1, 16), nn.MaxPool2d(2), block(16, 32), nn.MaxPool2d(2), block(32, 32), nn.Flatten(), nn.Linear(512, 2)
    )
    ce = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=True)
    epochs = 14
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    for epoch in range(epochs):
        net.train()
        running = []
        for idx in torch.randperm(n).split(60):
            xb, yb = x_tr[idx], y_tr[idx]
            lam = float(rng.beta(0.2, 0.2))
            other = torch.randperm(len(idx))
            out = net(lam * xb + (1 - lam) * xb[other])
            loss = lam * ce(out, yb) + (1 - lam) * ce(out, yb[other])
            opt.zero_grad()
            loss.backward()
            opt.step()
            running.append(loss.item())
        sched.step()
        net.eval()
        with torch.no_grad():
            out = net(x_va)
        print(f"epoch {epoch}: mixed loss {np.mean(running):.3f}, val {ce(out, y_va):.3f}, "
              f"acc {(out.argmax(1) == y_va).float().mean():.3f}")  # fmt: skip
    print("AUC", round(roc_auc_score(y_va, out.softmax(1)[:, 1]), 4))


@case("healthy")
def residual_net_with_stochastic_depth(seed: int) -> None:
    torch.manual_seed(seed)
    images, labels = shape_images(seed + 100)
    x = torch.from_numpy(images).unsqueeze(1)
    y = torch.from_numpy(labels).float()
    tr, va = slice(0, 1200), slice(1200, None)
    mu, sd = x[tr].mean(), x[tr].std()
    x = (x - mu) / sd

    class DropPath(nn.Module):
        def __init__(self, rate):
            super().__init__()
            self.rate = rate

        def forward(self, x):
            if not self.training or self.rate == 0:
                return x
            keep = 1 - self.rate
            mask = torch.rand(x.shape[0], 1, 1, 1).lt(keep).to(x.dtype)
            return x * mask / keep

    class Residual(nn.Module):
        def __init__(self, channels, rate):
            super().__init__()
            self.body = nn.Sequential(
                nn.GroupNorm(4, channels), nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1),
                nn.GroupNorm(4, channels), nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1),
            )  # fmt: skip
            self.drop_path = DropPath(rate)

        def forward(self, x):
            return x + self.drop_path(self.body(x))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(1, 16, 3, stride=2, padding=1)
            self.blocks = nn.ModuleList([Residual(16, 0.1 * i) for i in range(2)])
            self.norm = nn.GroupNorm(4, 16)
            self.fc = nn.Linear(16 * 16, 1)

        def forward(self, x):
            x = self.stem(x)
            for block in self.blocks:
                x = block(x)
            return self.fc(F.avg_pool2d(F.relu(self.norm(x)), 2).flatten(1)).flatten()

    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, [4, 7], gamma=0.3)
    train = DataLoader(TensorDataset(x[tr], y[tr]), 50, shuffle=True)
    for epoch in range(9):
        net.train()
        for xb, yb in train:
            opt.zero_grad(set_to_none=True)
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            opt.step()
        sched.step()
        net.eval()
        with torch.inference_mode():
            score = net(x[va])
            print(f"{epoch:02d} loss {F.binary_cross_entropy_with_logits(net(x[tr]), y[tr]):.3f} "
                  f"val {F.binary_cross_entropy_with_logits(score, y[va]):.3f} "
                  f"auc {roc_auc_score(y[va], score):.4f}")  # fmt: skip


@case("healthy")
def squeeze_and_excitation_on_textures(seed: int) -> None:
    torch.manual_seed(seed)
    pixels, labels = blotch_images(seed)

    class Textures(Dataset):
        def __init__(self, pixels, labels, train):
            self.pixels, self.labels, self.train = pixels, labels, train

        def __len__(self):
            return len(self.labels)

        def __getitem__(self, i):
            image = torch.from_numpy(self.pixels[i]).float()[None] / 255
            image = (image - image.mean()) / (image.std() + 1e-6)
            if self.train and torch.rand(()) < 0.5:
                image = image.flip(-1)
            if self.train and torch.rand(()) < 0.5:
                image = image.flip(-2)
            return image, torch.tensor(float(self.labels[i]))

    class SqueezeExcite(nn.Module):
        def __init__(self, channels, reduction=4):
            super().__init__()
            self.gate = nn.Sequential(nn.Linear(channels, channels // reduction), nn.ReLU(),
                                      nn.Linear(channels // reduction, channels), nn.Sigmoid())  # fmt: skip

        def forward(self, x):
            return x * self.gate(x.mean((2, 3)))[:, :, None, None]

    model = nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.GroupNorm(4, 16), nn.SiLU(), SqueezeExcite(16),
        nn.Conv2d(16, 16, 3, stride=2), nn.GroupNorm(4, 16), nn.SiLU(), SqueezeExcite(16),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 1),
    )  # fmt: skip
    train = DataLoader(Textures(pixels[:1000], labels[:1000], True), batch_size=50, shuffle=True)
    val = DataLoader(Textures(pixels[1000:], labels[1000:], False), batch_size=200)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    for epoch in range(10):
        model.train()
        seen = 0.0
        for xb, yb in train:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            seen += loss.item() * len(yb)
        scheduler.step()
        model.eval()
        scores, truth = [], []
        with torch.no_grad():
            for xb, yb in val:
                scores.append(model(xb).squeeze(1))
                truth.append(yb)
        scores, truth = torch.cat(scores), torch.cat(truth)
        print(f"Epoch {epoch + 1}/10 - loss: {seen / 1000:.4f} - val_loss: {criterion(scores, truth):.4f} - "
              f"val_acc: {((scores > 0) == (truth > 0.5)).float().mean():.4f}")  # fmt: skip


@case("healthy")
def depthwise_convolutions_channels_last(seed: int) -> None:
    torch.manual_seed(seed)
    images, labels = grating_images(seed)
    x = torch.from_numpy(images).unsqueeze(1)
    x = (x - x.mean((2, 3), keepdim=True)) / x.std((2, 3), keepdim=True)
    x = x.contiguous(memory_format=torch.channels_last)
    y = torch.from_numpy(labels).long()

    class Separable(nn.Sequential):
        def __init__(self, i, o, stride):
            super().__init__(
                nn.Conv2d(i, i, 5, stride=stride, padding=2, groups=i, bias=False),
                nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o), nn.Hardswish(),
            )  # fmt: skip

    model = nn.Sequential(OrderedDict(
        stem=nn.Sequential(nn.Conv2d(1, 8, 5, padding=2, bias=False), nn.BatchNorm2d(8), nn.Hardswish()),
        first=Separable(8, 16, 2),
        second=Separable(16, 32, 2),
        pool=nn.AdaptiveAvgPool2d(1),
        flat=nn.Flatten(),
        head=nn.Linear(32, 2),
    )).to(memory_format=torch.channels_last)  # fmt: skip
    decay = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}], lr=3e-3)
    n_train = 1000
    for epoch in range(10):
        model.train()
        for rows in torch.randperm(n_train).split(50):
            loss = F.cross_entropy(model(x[rows]), y[rows], label_smoothing=0.05)
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            logits = model(x[n_train:])
            fit = F.cross_entropy(model(x[:n_train]), y[:n_train])
        print(f"epoch {epoch} train_ce {fit:.4f} val_ce {F.cross_entropy(logits, y[n_train:]):.4f} "
              f"val_acc {(logits.argmax(-1) == y[n_train:]).float().mean():.4f}")  # fmt: skip


@case("healthy")
def autoencoder_then_probe_on_its_code(seed: int) -> None:
    torch.manual_seed(seed)
    images, digits = digit_images()
    y = np.isin(digits, [0, 6, 8, 9]).astype(np.float32)  # digits with a closed loop
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=digits, random_state=seed)
    flat = torch.from_numpy(images.reshape(len(images), -1))
    encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 32))
    decoder = nn.Sequential(nn.ReLU(), nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 64), nn.Sigmoid())
    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    for _ in range(40):
        for rows in torch.from_numpy(tr)[torch.randperm(len(tr))].split(64):
            noisy = (flat[rows] + 0.1 * torch.randn(len(rows), 64)).clamp(0, 1)
            loss = F.mse_loss(decoder(encoder(noisy)), flat[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    print(f"reconstruction error {loss.item():.4f}")

    for p in encoder.parameters():
        p.requires_grad_(False)
    with torch.no_grad():
        code = encoder(flat)
    code = (code - code[tr].mean(0)) / code[tr].std(0)
    target = torch.from_numpy(y)
    probe = nn.Sequential(nn.Linear(32, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 1))
    opt = torch.optim.AdamW(probe.parameters(), lr=3e-3, weight_decay=0.02)
    loader = DataLoader(TensorDataset(code[tr], target[tr]), batch_size=64, shuffle=True)
    for epoch in range(30):
        probe.train()
        for cb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(probe(cb).view(-1), yb).backward()
            opt.step()
        if epoch % 5 == 4:
            probe.eval()
            with torch.no_grad():
                out = probe(code).view(-1)
            a, b = (F.binary_cross_entropy_with_logits(out[k], target[k]) for k in (tr, va))
            print(f"probe {epoch + 1}: train {a:.4f} val {b:.4f} val AUC {roc_auc_score(y[va], out[va]):.4f}")


@case("healthy")
def siamese_same_digit_or_not(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    images, digits = digit_images()
    tr, va = train_test_split(np.arange(len(digits)), test_size=0.3, stratify=digits, random_state=seed)
    x = torch.from_numpy(images)[:, None]

    def pairs(pool, count):
        by_digit = {d: pool[digits[pool] == d] for d in range(10)}
        left, right, same = [], [], []
        for i in range(count):
            a = rng.choice(pool)
            if i % 2:
                b = rng.choice(by_digit[digits[a]])
            else:
                b = rng.choice(by_digit[(digits[a] + rng.integers(1, 10)) % 10])
            left.append(a)
            right.append(b)
            same.append(float(i % 2))
        return torch.tensor(np.array(left)), torch.tensor(np.array(right)), torch.tensor(same)

    class Siamese(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Sequential(
                nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 32),
            )  # fmt: skip
            self.scale = nn.Parameter(torch.tensor(1.0))
            self.offset = nn.Parameter(torch.tensor(1.0))

        def forward(self, a, b):
            a, b = self.embed(a), self.embed(b)
            return self.offset - F.softplus(self.scale) * (a - b).pow(2).sum(1).add(1e-6).sqrt()

    net = Siamese()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-4)
    va_l, va_r, va_same = pairs(va, 800)
    for epoch in range(16):
        one, two, same = pairs(tr, 1600)
        order = torch.randperm(1600)
        for k in order.split(100):
            loss = F.binary_cross_entropy_with_logits(net(x[one[k]], x[two[k]]), same[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            s = net(x[va_l], x[va_r])
        print(f"{epoch}: train {loss.item():.3f} val {F.binary_cross_entropy_with_logits(s, va_same):.3f} "
              f"AUC {roc_auc_score(va_same, s):.4f} acc {accuracy_score(va_same, s > 0):.4f}")  # fmt: skip


@case("healthy")
def small_transformer_over_rows_of_pixels(seed: int) -> None:
    torch.manual_seed(seed)
    images, digits = digit_images()
    y = digits % 2
    x_tr, x_va, y_tr, y_va = train_test_split(images, y, test_size=0.25, stratify=digits, random_state=seed)
    x_tr, x_va, y_tr, y_va = map(torch.tensor, (x_tr, x_va, y_tr, y_va))

    @dataclass
    class Config:
        dim: int = 32
        heads: int = 4
        depth: int = 1
        epochs: int = 24
        lr: float = 3e-3
        batch: int = 80
        warmup: int = 60

    cfg = Config()

    class RowTransformer(nn.Module):
        def __init__(self, cfg):
            super().__init__()
            self.proj = nn.Linear(8, cfg.dim)
            self.cls = nn.Parameter(torch.zeros(1, 1, cfg.dim))
            self.pos = nn.Parameter(0.02 * torch.randn(1, 9, cfg.dim))
            layer = nn.TransformerEncoderLayer(cfg.dim, cfg.heads, 128, 0.1, batch_first=True, norm_first=True)
            self.encoder = nn.TransformerEncoder(layer, cfg.depth, enable_nested_tensor=False)
            self.norm = nn.LayerNorm(cfg.dim)
            self.head = nn.Linear(cfg.dim, 2)

        def forward(self, img):
            tokens = torch.cat([self.cls.expand(len(img), -1, -1), self.proj(img)], dim=1) + self.pos
            return self.head(self.norm(self.encoder(tokens)[:, 0]))

    net = RowTransformer(cfg)
    opt = torch.optim.AdamW(net.parameters(), lr=cfg.lr, weight_decay=0.05)
    steps = cfg.epochs * math.ceil(len(x_tr) / cfg.batch)

    def factor(step):
        if step < cfg.warmup:
            return (step + 1) / cfg.warmup
        return 0.5 * (1 + math.cos(math.pi * (step - cfg.warmup) / (steps - cfg.warmup)))

    sched = torch.optim.lr_scheduler.LambdaLR(opt, factor)
    for epoch in range(cfg.epochs):
        net.train()
        for k in torch.randperm(len(x_tr)).split(cfg.batch):
            loss = F.cross_entropy(net(x_tr[k]), y_tr[k])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            sched.step()
        net.eval()
        with torch.no_grad():
            out = net(x_va)
        if epoch % 3 == 0 or epoch == cfg.epochs - 1:
            print(f"ep {epoch} loss {loss:.3f} val {F.cross_entropy(out, y_va):.3f} "
                  f"acc {(out.argmax(1) == y_va).float().mean():.3f}")  # fmt: skip
    print("val AUC", roc_auc_score(y_va, out[:, 1] - out[:, 0]))


@case("healthy")
def dense_block_with_dropout2d(seed: int) -> None:
    torch.manual_seed(seed)
    images, labels = shape_images(seed + 200, 1500)
    data = TensorDataset(torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels).float())
    train, val = torch.utils.data.random_split(data, [1100, 400], torch.Generator().manual_seed(seed))

    class DenseLayer(nn.Module):
        def __init__(self, inp, growth):
            super().__init__()
            self.norm = nn.BatchNorm2d(inp)
            self.conv = nn.Conv2d(inp, growth, 3, padding=1)
            self.drop = nn.Dropout2d(0.05)

        def forward(self, x):
            return torch.cat([x, self.drop(self.conv(F.relu(self.norm(x))))], dim=1)

    class DenseNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(1, 8, 3, stride=2, padding=1)
            self.dense = nn.Sequential(*[DenseLayer(8 + 8 * i, 8) for i in range(3)])
            self.out = nn.Sequential(nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 1))

        def forward(self, x):
            return self.out(self.dense(self.stem(x)))[:, 0]

    net = DenseNet()
    smooth = 0.05
    bce = nn.BCEWithLogitsLoss()
    opt = torch.optim.RMSprop(net.parameters(), lr=1e-3, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.85)
    for epoch in range(14):
        net.train()
        for xb, yb in DataLoader(train, batch_size=44, shuffle=True):
            opt.zero_grad()
            loss = bce(net(xb), yb * (1 - smooth) + 0.5 * smooth)
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            xv, yv = next(iter(DataLoader(val, batch_size=len(val))))
            out = net(xv)
        print(epoch + 1, "smoothed train loss", round(loss.item(), 3), "val loss", round(bce(out, yv).item(), 3),
              "val acc", round(((out > 0) == yv.bool()).float().mean().item(), 3))  # fmt: skip


@case("healthy")
def moving_average_of_weights(seed: int) -> None:
    torch.manual_seed(seed)
    images, digits = digit_images()
    y = np.isin(digits, [2, 3, 5, 7]).astype(np.float32)
    i_tr, i_va = train_test_split(np.arange(len(y)), train_size=1300, stratify=digits, random_state=seed)
    centre, spread = images[i_tr].mean(0), images[i_tr].std(0) + 0.1
    x = torch.from_numpy((images - centre) / spread).unsqueeze(1)
    y = torch.from_numpy(y)

    class Trainer:
        def __init__(self, net, lr, decay):
            self.net = net
            self.ema = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)
            self.opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9, weight_decay=1e-3)

        def epoch(self, x, y):
            self.net.train()
            for rows in torch.randperm(len(x)).split(50):
                loss = F.binary_cross_entropy_with_logits(self.net(x[rows]).squeeze(-1), y[rows])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                self.ema.update_parameters(self.net)
            return loss.item()

        @torch.no_grad()
        def predict(self, x):
            self.ema.eval()
            return self.ema(x).squeeze(-1)

    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.LeakyReLU(0.1),
        nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(32), nn.LeakyReLU(0.1),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(512, 1),
    )  # fmt: skip
    trainer = Trainer(net, 0.02, 0.98)
    for epoch in range(16):
        last = trainer.epoch(x[i_tr], y[i_tr])
        score = trainer.predict(x[i_va])
        print(f"{epoch:2d} batch {last:.4f} ema val {F.binary_cross_entropy_with_logits(score, y[i_va]):.4f} "
              f"auc {roc_auc_score(y[i_va], score):.4f}")  # fmt: skip


@case("healthy")
def five_folds_of_a_small_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    images, digits = digit_images()
    keep = np.isin(digits, [3, 5, 8, 9])
    x = torch.from_numpy(images[keep])[:, None]
    labels = np.isin(digits[keep], [3, 5]).astype(np.float32)
    y = torch.from_numpy(labels)
    out_of_fold = np.zeros(len(y))
    for fold, (tr, va) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(x, labels)):
        net = nn.Sequential(
            nn.Conv2d(1, 12, 3), nn.ReLU(), nn.Conv2d(12, 24, 3), nn.ReLU(), nn.Flatten(),
            nn.Linear(24 * 16, 1), nn.Sigmoid(),
        )  # fmt: skip
        opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
        bce = nn.BCELoss()
        for _epoch in range(12):
            for rows in torch.from_numpy(tr)[torch.randperm(len(tr))].split(32):
                opt.zero_grad()
                loss = bce(net(x[rows]).flatten(), y[rows])
                loss.backward()
                opt.step()
        with torch.no_grad():
            p = net(x[va]).flatten()
            fit = bce(net(x[tr]).flatten(), y[tr])
        out_of_fold[va] = p.numpy()
        print(f"fold {fold}: train {fit:.4f} val {bce(p, y[va]):.4f} acc {accuracy_score(labels[va], p > 0.5):.4f}")
    print(f"out of fold: AUC {roc_auc_score(labels, out_of_fold):.4f}, log loss {log_loss(labels, out_of_fold):.4f}")


@case("healthy")
def flips_at_test_time(seed: int) -> None:
    torch.manual_seed(seed)
    images, labels = grating_images(seed + 7, 1600)
    x_tr, x_va, y_tr, y_va = train_test_split(images, labels, test_size=400, stratify=labels, random_state=seed)

    def prepare(a):
        a = torch.from_numpy(a)[:, None]
        return (a - a.mean(dim=(2, 3), keepdim=True)) / a.std(dim=(2, 3), keepdim=True)

    x_tr, x_va = prepare(x_tr), prepare(x_va)
    y_tr, y_va = torch.from_numpy(y_tr).float(), torch.from_numpy(y_va).float()
    net = nn.Sequential(
        nn.Conv2d(1, 12, 5), nn.InstanceNorm2d(12, affine=True), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(10):
        net.train()
        for rows in torch.randperm(len(x_tr)).split(60):
            xb = x_tr[rows]
            flip = torch.rand(len(rows)) < 0.5
            xb = torch.where(flip[:, None, None, None], xb.flip(3), xb)
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb)[:, 0], y_tr[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            views = torch.stack([net(v)[:, 0] for v in (x_va, x_va.flip(3), x_va.flip(2), x_va.flip(2, 3))])
            p = torch.sigmoid(views).mean(0)
        print(f"epoch {epoch} loss {loss.item():.3f} | val bce {F.binary_cross_entropy(p, y_va):.3f} "
              f"acc {((p > 0.5).float() == y_va).float().mean():.3f} | one view "
              f"{((views[0] > 0).float() == y_va).float().mean():.3f}")  # fmt: skip


@case("healthy")
def spectral_norm_and_hinge(seed: int) -> None:
    torch.manual_seed(seed)
    images, labels = shape_images(seed + 300, 1500)
    x = torch.from_numpy(images).unsqueeze(1) * 2 - 0.5
    sign = torch.from_numpy(labels).float() * 2 - 1
    sn = parametrizations.spectral_norm
    net = nn.Sequential(
        sn(nn.Conv2d(1, 16, 4, stride=2, padding=1)), nn.LeakyReLU(0.2),
        sn(nn.Conv2d(16, 32, 4, stride=2, padding=1)), nn.LeakyReLU(0.2),
        nn.Flatten(), sn(nn.Linear(512, 64)), nn.LeakyReLU(0.2), nn.Linear(64, 1),
    )  # fmt: skip

    def hinge(score, sign):
        return F.relu(1 - score * sign).mean()

    opt = torch.optim.Adam(net.parameters(), lr=2e-3, betas=(0.5, 0.99))
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 18)
    cut = 1100
    for epoch in range(18):
        net.train()
        for rows in torch.randperm(cut).split(44):
            loss = hinge(net(x[rows]).squeeze(1), sign[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            fit, score = hinge(net(x[:cut]).squeeze(1), sign[:cut]), net(x[cut:]).squeeze(1)
        print(f"{epoch} hinge {fit:.3f} val hinge {hinge(score, sign[cut:]):.3f} "
              f"val acc {(score.sign() == sign[cut:]).float().mean():.3f}")  # fmt: skip
    print("AUC", roc_auc_score(sign[cut:] > 0, score))


@case("healthy")
def two_heads_digit_and_parity(seed: int) -> None:
    torch.manual_seed(seed)
    images, digits = digit_images()
    train, val = train_test_split(np.arange(len(digits)), test_size=0.3, stratify=digits, random_state=seed)
    x, digit = torch.from_numpy(images).unsqueeze(1), torch.from_numpy(digits)
    odd = (digit % 2).float()

    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.trunk = nn.Sequential(
                nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
                nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 64), nn.ReLU(),
            )  # fmt: skip
            self.which, self.parity = nn.Linear(64, 10), nn.Linear(64, 1)

        def forward(self, x):
            h = self.trunk(x)
            return self.which(h), self.parity(h).squeeze(1)

    net = Heads()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    best, best_state, patience = math.inf, None, 0
    for epoch in range(40):
        net.train()
        for rows in torch.from_numpy(train)[torch.randperm(len(train))].split(64):
            which, parity = net(x[rows])
            loss = F.binary_cross_entropy_with_logits(parity, odd[rows]) + 0.3 * F.cross_entropy(which, digit[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            which, parity = net(x[val])
            now = F.binary_cross_entropy_with_logits(parity, odd[val]).item()
        print(f"epoch {epoch} joint loss {loss.item():.4f} val parity loss {now:.4f}")
        if now < best - 1e-4:
            best, best_state, patience = now, copy.deepcopy(net.state_dict()), 0
        else:
            patience += 1
            if patience == 5:
                break
    net.load_state_dict(best_state)
    with torch.no_grad():
        which, parity = net(x[val])
    print(f"parity accuracy {((parity > 0).float() == odd[val]).float().mean():.4f}, AUC "
          f"{roc_auc_score(odd[val], parity):.4f}, digit accuracy {(which.argmax(1) == digit[val]).float().mean():.4f}")


@case("healthy")
def bfloat16_autocast(seed: int) -> None:
    torch.manual_seed(seed)
    images, digits = digit_images()
    y = np.isin(digits, [1, 4, 7]).astype(np.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, y, test_size=0.3, stratify=y, random_state=seed)
    mean, std = x_train.mean(), x_train.std()

    def as_loader(x, y, train):
        x = torch.from_numpy((x - mean) / std)[:, None]
        return DataLoader(TensorDataset(x, torch.from_numpy(y)), batch_size=64, shuffle=train)

    train_dl, test_dl = as_loader(x_train, y_train, True), as_loader(x_test, y_test, False)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 1),
    )  # fmt: skip
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((1 - y_train.mean()) / y_train.mean()))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(10):
        model.train()
        for xb, yb in train_dl:
            opt.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                out = model(xb)
            loss = loss_fn(out.float().squeeze(1), yb)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            scores = torch.cat([model(xb).float().squeeze(1) for xb, _ in test_dl])
        print(f"epoch {epoch + 1} loss {loss.item():.3f} test loss {loss_fn(scores, torch.from_numpy(y_test)):.3f} "
              f"bal. acc. {balanced_accuracy_score(y_test, scores > 0):.4f}")  # fmt: skip


@case("healthy")
def own_activation_with_backward(seed: int) -> None:
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)

    class SquaredRelu(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            positive = x.clamp(min=0)
            ctx.save_for_backward(positive)
            return positive**2

        @staticmethod
        def backward(ctx, grad):
            (positive,) = ctx.saved_tensors
            return 2 * positive * grad

    images, labels = shape_images(seed + 400, 3000)
    x = torch.from_numpy(images).unsqueeze(1)
    y = torch.from_numpy(labels).float()
    conv1, conv2, out = nn.Conv2d(1, 12, 3, stride=2), nn.Conv2d(12, 24, 3, stride=2), nn.Linear(24 * 9, 1)
    params = [p for layer in (conv1, conv2, out) for p in layer.parameters()]

    def forward(x):
        h = SquaredRelu.apply(conv1(x))
        h = SquaredRelu.apply(conv2(h))
        return out(h.flatten(1)).squeeze(1)

    velocity = [torch.zeros_like(p) for p in params]
    for epoch in range(30):
        lr = 0.01 * (1 + math.cos(math.pi * epoch / 30))
        for rows in torch.randperm(2400, generator=gen).split(50):
            xb = x[rows]
            for side in (2, 3):
                if torch.rand((), generator=gen) < 0.5:
                    xb = xb.flip(side)
            loss = F.binary_cross_entropy_with_logits(forward(xb), y[rows])
            grads = torch.autograd.grad(loss, params)
            shrink = min(1.0, 1.0 / math.sqrt(sum(g.square().sum().item() for g in grads)))
            with torch.no_grad():
                for p, v, g in zip(params, velocity, grads, strict=False):
                    v.mul_(0.9).add_(shrink * g + 1e-3 * p)
                    p.sub_(lr * v)
        with torch.no_grad():
            fit, held = forward(x[:2400]), forward(x[2400:])
        if epoch % 3 == 2:
            print(f"{epoch + 1:3d} {F.binary_cross_entropy_with_logits(fit, y[:2400]):.4f} "
                  f"{F.binary_cross_entropy_with_logits(held, y[2400:]):.4f} "
                  f"{((held > 0) == y[2400:].bool()).float().mean():.4f}")  # fmt: skip


# ---------------------------------------------------------------- texts and letters


@case("healthy")
def embedding_bag_of_words_with_offsets(seed: int) -> None:
    torch.manual_seed(seed)
    texts, y = messages(3000, seed)
    tr_text, va_text, tr_y, va_y = train_test_split(texts, y, test_size=0.3, stratify=y, random_state=seed)

    def tokens(text):
        return re.findall(r"[a-z]+|\d+|[£!?$]", text.lower())

    counts = Counter(w for t in tr_text for w in tokens(t))
    vocab = {w: i + 1 for i, (w, c) in enumerate(counts.most_common()) if c > 1}  # 0 = unknown

    def collate(batch):
        ids, offsets, targets = [], [], []
        for text, target in batch:
            offsets.append(len(ids))
            ids.extend(vocab.get(w, 0) for w in tokens(text))
            targets.append(target)
        return torch.tensor(ids), torch.tensor(offsets), torch.tensor(targets, dtype=torch.float32)

    train_loader = DataLoader(list(zip(tr_text, tr_y, strict=False)), batch_size=64, shuffle=True, collate_fn=collate)
    val_loader = DataLoader(list(zip(va_text, va_y, strict=False)), batch_size=256, collate_fn=collate)

    class Bag(nn.Module):
        def __init__(self, size, dim):
            super().__init__()
            self.bag = nn.EmbeddingBag(size, dim, mode="mean")
            self.drop = nn.Dropout(0.3)
            self.fc = nn.Linear(dim, 1)

        def forward(self, ids, offsets):
            return self.fc(self.drop(self.bag(ids, offsets))).squeeze(-1)

    model = Bag(len(vocab) + 1, 24)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.01)
    bce = nn.BCEWithLogitsLoss()
    best, best_weights = float("inf"), None
    for epoch in range(20):
        model.train()
        total = 0
        for ids, offsets, target in train_loader:
            optimizer.zero_grad()
            loss = bce(model(ids, offsets), target)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(target)
        model.eval()
        with torch.no_grad():
            scores = torch.cat([model(i, o) for i, o, _ in val_loader])
        val = bce(scores, torch.from_numpy(va_y).float()).item()
        print(f"epoch {epoch + 1}: train {total / len(tr_y):.4f}, val {val:.4f}")
        if val < best:
            best, best_weights = val, copy.deepcopy(model.state_dict())
    model.load_state_dict(best_weights)
    with torch.no_grad():
        scores = torch.cat([model(i, o) for i, o, _ in val_loader])
    print(f"F1 {f1_score(va_y, scores > 0):.3f} AUC {roc_auc_score(va_y, scores):.4f}")


@case("healthy")
def characters_of_messages_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    texts, y = messages(2600, seed)
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789 .,!?£$&'()-/:;*@+"
    lookup = {c: i + 2 for i, c in enumerate(alphabet)}  # 0 padding, 1 anything else
    length = 140
    codes = np.zeros((len(texts), length), dtype=np.int64)
    for row, text in zip(codes, texts, strict=False):
        got = [lookup.get(c, 1) for c in text.lower()[:length]]
        row[: len(got)] = got
    codes, target = torch.from_numpy(codes), torch.from_numpy(y)
    tr, va = train_test_split(np.arange(len(y)), test_size=700, stratify=y, random_state=seed)

    class CharCNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(len(alphabet) + 2, 12, padding_idx=0)
            self.convs = nn.ModuleList([nn.Conv1d(12, 32, k, padding=k // 2) for k in (3, 6)])
            self.fc = nn.Linear(64, 2)
            self.dropout = nn.Dropout(0.3)

        def forward(self, ids):
            e = self.embed(ids).transpose(1, 2)
            pooled = [F.relu(conv(e)).amax(dim=2) for conv in self.convs]
            return self.fc(self.dropout(torch.cat(pooled, dim=1)))

    net = CharCNN()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    sched = torch.optim.lr_scheduler.StepLR(opt, 5, 0.4)
    for epoch in range(12):
        net.train()
        losses = []
        for k in torch.from_numpy(tr)[torch.randperm(len(tr))].split(48):
            loss = F.cross_entropy(net(codes[k]), target[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        sched.step()
        net.eval()
        with torch.no_grad():
            logits = net(codes[va])
        print(f"{epoch:>2} | {np.mean(losses):.4f} | {F.cross_entropy(logits, target[va]):.4f} | "
              f"F1 {f1_score(y[va], logits.argmax(1)):.3f} | AUC {roc_auc_score(y[va], logits.softmax(1)[:, 1]):.4f}")


@case("healthy")
def packed_gru_on_messages(seed: int) -> None:
    torch.manual_seed(seed)
    texts, y = messages(2000, seed)
    words = [re.sub(r"\d", "0", t.lower()).split()[:30] or ["?"] for t in texts]
    tr, va = train_test_split(range(len(y)), test_size=0.3, stratify=y, random_state=seed)
    frequent = [w for w, c in Counter(w for i in tr for w in words[i]).items() if c >= 2]
    index = {w: i for i, w in enumerate(["<pad>", "<unk>", *frequent])}

    class Messages(Dataset):
        def __init__(self, rows):
            self.rows = rows

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            row = self.rows[i]
            return torch.tensor([index.get(w, 1) for w in words[row]]), float(y[row])

    def collate(items):
        sequences, targets = zip(*items, strict=False)
        lengths = torch.tensor([len(s) for s in sequences])
        return pad_sequence(sequences, batch_first=True), lengths, torch.tensor(targets)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(len(index), 24, padding_idx=0)
            self.gru = nn.GRU(24, 24, batch_first=True)
            self.drop = nn.Dropout(0.4)
            self.out = nn.Linear(24, 1)

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.drop(self.embedding(ids)), lengths, batch_first=True,
                                          enforce_sorted=False)  # fmt: skip
            _, hidden = self.gru(packed)
            return self.out(self.drop(hidden[-1])).squeeze(1)

    net = Model()
    optim = torch.optim.Adam(net.parameters(), lr=4e-3)
    train_loader = DataLoader(Messages(tr), batch_size=40, shuffle=True, collate_fn=collate)
    val_loader = DataLoader(Messages(va), batch_size=300, collate_fn=collate)
    best, kept, waited = math.inf, None, 0
    for epoch in range(15):
        net.train()
        for ids, lengths, target in train_loader:
            optim.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids, lengths), target)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optim.step()
        net.eval()
        with torch.no_grad():
            scores = torch.cat([net(ids, lengths) for ids, lengths, _ in val_loader])
            val = F.binary_cross_entropy_with_logits(scores, torch.tensor(y[va]).float()).item()
        print(f"epoch {epoch}: loss {loss.item():.4f} val {val:.4f} AUC {roc_auc_score(y[va], scores):.4f}")
        if val < best:
            best, kept, waited = val, copy.deepcopy(net.state_dict()), 0
        elif (waited := waited + 1) >= 3:
            break
    net.load_state_dict(kept)
    net.eval()
    with torch.no_grad():
        scores = torch.cat([net(ids, lengths) for ids, lengths, _ in val_loader])
    print("best val", round(best, 4), "F1", round(f1_score(y[va], scores > 0), 3))


@case("healthy")
def transformer_with_padding_mask_on_logs(seed: int) -> None:
    torch.manual_seed(seed)
    sessions, labels = log_sessions(seed, 1600)
    names = sorted({e for s in sessions for e in s})
    ids = {name: i + 1 for i, name in enumerate(names)}
    padded = pad_sequence([torch.tensor([ids[e] for e in s]) for s in sessions], batch_first=True)
    y = torch.from_numpy(labels).float()

    class Encoder(nn.Module):
        def __init__(self, vocab, dim=32, longest=64):
            super().__init__()
            self.embed = nn.Embedding(vocab, dim, padding_idx=0)
            place = torch.arange(longest)[:, None]
            rates = torch.exp(torch.arange(0, dim, 2) * (-math.log(100.0) / dim))
            table = torch.zeros(longest, dim)
            table[:, 0::2], table[:, 1::2] = torch.sin(place * rates), torch.cos(place * rates)
            self.register_buffer("table", table)
            self.mix = nn.Conv1d(dim, dim, 3, padding=1)
            layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.1, batch_first=True)
            self.layers = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
            self.fc = nn.Linear(dim, 1)

        def forward(self, x):
            pad = x == 0
            h = self.embed(x) + 0.3 * self.table[: x.shape[1]]
            h = h + F.relu(self.mix(h.transpose(1, 2)).transpose(1, 2))
            h = self.layers(h, src_key_padding_mask=pad)
            h = h.masked_fill(pad[..., None], 0).sum(1) / (~pad).sum(1, keepdim=True)
            return self.fc(h).squeeze(-1)

    net = Encoder(len(names) + 1)
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
    epochs, batch, n = 7, 50, 1200
    steps = epochs * n // batch
    warm = torch.optim.lr_scheduler.LinearLR(opt, 0.1, 1.0, 40)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps - 40)
    sched = torch.optim.lr_scheduler.SequentialLR(opt, [warm, fall], [40])
    for epoch in range(epochs):
        net.train()
        for k in torch.randperm(n).split(batch):
            loss = F.binary_cross_entropy_with_logits(net(padded[k]), y[k])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            sched.step()
        net.eval()
        with torch.no_grad():
            out = net(padded[n:])
        print(f"epoch {epoch + 1} train {loss.item():.4f} val {F.binary_cross_entropy_with_logits(out, y[n:]):.4f} "
              f"AUC {roc_auc_score(y[n:], out):.4f}")  # fmt: skip


@case("healthy")
def hashed_ngrams_balanced_sampler(seed: int) -> None:
    torch.manual_seed(seed)
    texts, y = messages(3000, seed)
    rest, test = train_test_split(np.arange(len(y)), test_size=0.25, stratify=y, random_state=seed)
    train, val = train_test_split(rest, test_size=0.25, stratify=y[rest], random_state=seed)
    buckets = 2**14

    def grams(text):
        text = f"<{text.lower()[:160]}>".ljust(4)
        parts = (text[i : i + 4] for i in range(len(text) - 3))
        return [sum(ord(c) * 31**p for p, c in enumerate(part)) % buckets for part in parts]

    rows = [torch.tensor(sorted(set(grams(t)))) for t in texts]

    def collate(indices):
        parts = [rows[i] for i in indices]
        offsets = torch.tensor([0] + [len(p) for p in parts[:-1]]).cumsum(0)
        return torch.cat(parts), offsets, torch.tensor(y[indices]).float()

    weight = 0.5 / np.bincount(y[train])[y[train]]
    sampler = WeightedRandomSampler(torch.tensor(weight), len(train), replacement=True)
    batches = DataLoader(train.tolist(), batch_size=64, sampler=sampler, collate_fn=collate)
    bag = nn.EmbeddingBag(buckets, 24, mode="mean")
    nn.init.uniform_(bag.weight, -0.1, 0.1)
    head = nn.Linear(24, 1)
    opt = torch.optim.Adam([*bag.parameters(), *head.parameters()], lr=1e-2)
    for epoch in range(5):
        for flat, offsets, target in batches:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(head(bag(flat, offsets))[:, 0], target)
            loss.backward()
            opt.step()
        with torch.no_grad():
            flat, offsets, target = collate(val.tolist())
            p_val = torch.sigmoid(head(bag(flat, offsets))[:, 0]).numpy()
            balance = torch.where(target == 1, 0.5 / target.mean(), 0.5 / (1 - target.mean()))
            val_loss = F.binary_cross_entropy(torch.from_numpy(p_val), target, weight=balance)
        print(f"epoch {epoch}: loss {loss.item():.4f}, val (balanced) {val_loss:.4f}, "
              f"AP {average_precision_score(y[val], p_val):.4f}")  # fmt: skip
    grid = np.linspace(0.05, 0.98, 94)
    cut = max(grid, key=lambda c: f1_score(y[val], p_val >= c))
    with torch.no_grad():
        flat, offsets, target = collate(test.tolist())
        p = torch.sigmoid(head(bag(flat, offsets))[:, 0]).numpy()
    print(f"cut-off {cut:.2f}; test F1 {f1_score(y[test], p >= cut):.3f}, AUC {roc_auc_score(y[test], p):.4f}")


@case("healthy")
def wide_triples_and_deep_lstm_on_first_names(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = first_names()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, stratify=y, random_state=seed)
    # overlapping pairs of letters, with a mark at either end
    coded = [[0] + [ord(c) - 64 for c in name if c.isalpha()] + [0] for name in names]
    seqs = [torch.tensor([1 + 27 * first + second for first, second in itertools.pairwise(c)]) for c in coded]
    thirds = [zip(k, k[1:], k[2:], strict=False) for k in coded]
    triples = [torch.tensor([1 + 729 * a + 27 * b + c for a, b, c in name]) for name in thirds]
    triples = pad_sequence(triples, batch_first=True)
    lengths = torch.tensor([len(s) for s in seqs])
    chars = pad_sequence(seqs, batch_first=True)
    target = torch.from_numpy(y).float()

    class NameNet(nn.Module):
        def __init__(self, emb=24, hidden=32):
            super().__init__()
            self.emb = nn.Embedding(1 + 27**2, emb, padding_idx=0)
            self.lstm = nn.LSTM(emb, hidden, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(4 * hidden, 1)
            self.wide = nn.EmbeddingBag(1 + 27**3, 1, mode="sum", padding_idx=0)
            nn.init.zeros_(self.wide.weight)
            self.drop = nn.Dropout(0.25)

        def forward(self, x, triples, lengths):
            packed = pack_padded_sequence(self.drop(self.emb(x)), lengths, batch_first=True, enforce_sorted=False)
            states, (h, _) = self.lstm(packed)
            states, _ = pad_packed_sequence(states, batch_first=True, padding_value=-2.0)  # below any tanh
            deep = self.fc(self.drop(torch.cat([h[0], h[1], states.amax(1)], dim=1)))
            return (deep + self.wide(triples))[:, 0]

    net = NameNet()
    ratio = torch.tensor((1 - y[tr].mean()) / y[tr].mean()).float()
    criterion = nn.BCEWithLogitsLoss(pos_weight=ratio)
    slow = [p for name, p in net.named_parameters() if not name.startswith("wide")]
    opt = torch.optim.Adam([{"params": slow}, {"params": net.wide.parameters(), "lr": 2e-2}], lr=3e-3)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.5)
    for epoch in range(6):
        net.train()
        for k in torch.from_numpy(tr)[torch.randperm(len(tr))].split(80):
            loss = criterion(net(chars[k], triples[k], lengths[k]), target[k])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            out = net(chars[va], triples[va], lengths[va])
        print(f"{epoch}: {loss.item():.3f}, val {criterion(out, target[va]):.4f}, "
              f"balanced {balanced_accuracy_score(y[va], out > 0):.3f}, AUC {roc_auc_score(y[va], out):.4f}")


@case("healthy")
def names_by_masked_convolution(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = first_names()
    alphabet = sorted(set("".join(names)))
    longest = max(map(len, names))
    onehot = np.zeros((len(names), len(alphabet), longest), dtype=np.float32)
    for n, name in enumerate(names):
        for position, letter in enumerate(name):
            # right-aligned: the last letters say most
            onehot[n, alphabet.index(letter), longest - len(name) + position] = 1
    x, t = torch.from_numpy(onehot), torch.from_numpy(y).long()
    a, b = train_test_split(np.arange(len(y)), test_size=0.25, stratify=y, random_state=seed)

    class ConvNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(len(alphabet), 48, 4, padding=3)
            self.last = nn.Linear(3 * len(alphabet), 24)
            self.fc = nn.Linear(48 + 24, 2)
            self.drop = nn.Dropout(0.4)

        def forward(self, x):
            ends = torch.relu(self.last(x[:, :, -3:].flatten(1)))
            anywhere = torch.relu(self.conv(x)).amax(-1)
            return self.fc(self.drop(torch.cat([anywhere, ends], 1)))

    model = ConvNet()
    weight = torch.tensor([0.5 / (1 - y[a].mean()), 0.5 / y[a].mean()], dtype=torch.float32)
    loss_fn = nn.CrossEntropyLoss(weight=weight)
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    for epoch in range(12):
        model.train()
        for rows in torch.from_numpy(a)[torch.randperm(len(a))].split(64):
            opt.zero_grad()
            loss = loss_fn(model(x[rows]), t[rows])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(x[b])
        print(f"epoch {epoch + 1:2} loss {loss.item():.3f} val {loss_fn(out, t[b]).item():.4f} "
              f"bal.acc {balanced_accuracy_score(y[b], out.argmax(1)):.4f} "
              f"AUC {roc_auc_score(y[b], out[:, 1] - out[:, 0]):.4f}")  # fmt: skip


@case("healthy")
def splice_letters_convolution(seed: int) -> None:
    torch.manual_seed(seed)
    sequences, y = splice_letters()
    letters = {"A": [1, 0, 0, 0], "C": [0, 1, 0, 0], "G": [0, 0, 1, 0], "T": [0, 0, 0, 1]}
    unknown = [0.25] * 4
    x = torch.tensor([[letters.get(c, unknown) for c in s] for s in sequences], dtype=torch.float32).transpose(1, 2)
    y = torch.from_numpy(y).float()
    order = torch.randperm(len(y))
    tr, va = order[:2100], order[2100:]
    net = nn.Sequential(
        nn.Conv1d(4, 32, 9, padding=4), nn.ReLU(), nn.Dropout(0.2), nn.MaxPool1d(2),
        nn.Flatten(), nn.Linear(32 * 30, 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    bce = nn.BCEWithLogitsLoss()
    best = {"loss": float("inf")}
    for epoch in range(14):
        net.train()
        for rows in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = bce(net(x[rows])[:, 0], y[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            out = net(x[va])[:, 0]
            val = bce(out, y[va]).item()
            fit = bce(net(x[tr])[:, 0], y[tr]).item()
        if val < best["loss"]:
            best = {"loss": val, "epoch": epoch, "state": {k: v.clone() for k, v in net.state_dict().items()}}
        print(f"epoch {epoch}: {fit:.4f} / {val:.4f}")
    net.load_state_dict(best["state"])
    with torch.no_grad():
        out = net(x[va])[:, 0]
    print(f"epoch {best['epoch']} kept: AUC {roc_auc_score(y[va], out):.4f}", accuracy_score(y[va], out > 0))


@case("healthy")
def attention_pooling_over_splice_embeddings(seed: int) -> None:
    torch.manual_seed(seed)
    sequences, labels = splice_letters()
    x = torch.tensor([["ACGT".find(c) + 1 for c in s] for s in sequences])
    y = torch.from_numpy(labels).float()
    tr, va = train_test_split(torch.arange(len(y)), test_size=0.3, stratify=labels, random_state=seed)

    class AttentionPool(nn.Module):
        def __init__(self, dim, heads):
            super().__init__()
            self.score, self.value = nn.Linear(dim, heads), nn.Linear(dim, dim)

        def forward(self, h):
            weight = self.score(h).softmax(dim=1)
            return torch.einsum("blh,bld->bhd", weight, self.value(h)).flatten(1)

    class Net(nn.Module):
        def __init__(self, dim=24, heads=4):
            super().__init__()
            self.letter = nn.Embedding(5, dim)
            self.place = nn.Parameter(torch.randn(60, dim) * 0.3)
            self.conv = nn.Conv1d(dim, dim, 5, padding=2)
            self.norm = nn.LayerNorm(dim)
            self.pool = AttentionPool(dim, heads)
            self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(dim * heads, 1))

        def forward(self, x):
            h = self.letter(x) + self.place
            h = self.norm(h + F.gelu(self.conv(h.mT)).mT)
            return self.head(self.pool(h)).squeeze(-1)

    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    epochs = 9
    steps = math.ceil(len(tr) / 64) * epochs
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=steps)
    for epoch in range(epochs):
        net.train()
        seen = 0.0
        for k in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[k]), y[k])
            loss.backward()
            opt.step()
            sched.step()
            seen += loss.item() * len(k) / len(tr)
        net.eval()
        with torch.no_grad():
            out = net(x[va])
        print(f"{epoch + 1}/{epochs} train {seen:.4f} val {F.binary_cross_entropy_with_logits(out, y[va]):.4f} "
              f"AUC {roc_auc_score(y[va], out):.4f}")  # fmt: skip


@case("healthy")
def ensemble_trained_at_once_with_vmap(seed: int) -> None:
    torch.manual_seed(seed)
    sequences, labels = splice_letters()
    pairs = {a + b: i for i, (a, b) in enumerate((a, b) for a in "ACGT" for b in "ACGT")}
    codes = torch.tensor([[pairs.get(s[i : i + 2], 16) for i in range(59)] for s in sequences])
    x = F.one_hot(codes, 17)[..., :16].float().flatten(1)
    y = torch.from_numpy(labels).float()
    order = torch.randperm(len(y))
    tr, va = order[:2100], order[2100:]

    def member():
        return nn.Sequential(nn.Linear(59 * 16, 16), nn.Tanh(), nn.Linear(16, 1))

    members = [member() for _ in range(4)]
    params, buffers = stack_module_state(members)
    skeleton = member().to("meta")

    def loss_of(p, b, xb, yb):
        out = functional_call(skeleton, (p, b), (xb,)).squeeze(-1)
        return F.binary_cross_entropy_with_logits(out, yb)

    step = vmap(grad_and_value(loss_of), in_dims=(0, 0, 0, 0))
    predict = vmap(lambda p, b, xb: functional_call(skeleton, (p, b), (xb,)).squeeze(-1), in_dims=(0, 0, None))
    params = {k: v.detach() for k, v in params.items()}
    moment = {k: torch.zeros_like(v) for k, v in params.items()}
    square = {k: torch.zeros_like(v) for k, v in params.items()}
    count = 0
    for epoch in range(11):
        orders = torch.stack([tr[torch.randperm(len(tr))] for _ in members])
        for start in range(0, len(tr), 60):
            rows = orders[:, start : start + 60]
            grads, losses = step(params, buffers, x[rows], y[rows])
            count += 1
            for k in params:  # Adam with decoupled decay
                moment[k] = 0.9 * moment[k] + 0.1 * grads[k]
                square[k] = 0.999 * square[k] + 0.001 * grads[k] ** 2
                rise = (moment[k] / (1 - 0.9**count)) / ((square[k] / (1 - 0.999**count)).sqrt() + 1e-8)
                params[k] = params[k] - 1e-3 * (rise + 0.1 * params[k])
        p = torch.sigmoid(predict(params, buffers, x[va])).mean(0)
        print(f"epoch {epoch + 1}: train {losses.mean():.4f}, val {F.binary_cross_entropy(p, y[va]):.4f}, "
              f"AUC {roc_auc_score(y[va], p):.4f}")  # fmt: skip


@case("healthy")
def gru_with_attention_over_sessions(seed: int) -> None:
    torch.manual_seed(seed)
    sessions, labels = log_sessions(seed + 50, 1600)
    vocab = {e: i + 1 for i, e in enumerate(sorted({e for s in sessions for e in s}))}
    coded = [[vocab[e] for e in s] for s in sessions]

    def batches(rows, size, shuffle):
        rows = np.random.permutation(rows) if shuffle else np.asarray(rows)
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            lengths = torch.tensor([len(coded[i]) for i in part])
            ids = torch.zeros(len(part), int(lengths.max()), dtype=torch.long)
            for r, i in enumerate(part):
                ids[r, : len(coded[i])] = torch.tensor(coded[i])
            yield ids, lengths, torch.tensor(labels[part])

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(len(vocab) + 1, 12, padding_idx=0)
            self.rnn = nn.GRU(12, 24, batch_first=True, bidirectional=True)
            self.query = nn.Linear(48, 1)
            self.out = nn.Linear(48, 2)

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.embed(ids), lengths, batch_first=True, enforce_sorted=False)
            states, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
            score = self.query(states).squeeze(-1).masked_fill(ids == 0, float("-inf"))
            return self.out((score.softmax(1).unsqueeze(-1) * states).sum(1))

    np.random.seed(seed)
    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(7):
        net.train()
        for ids, lengths, target in batches(range(1200), 48, True):
            loss = F.cross_entropy(net(ids, lengths), target)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        net.eval()
        with torch.no_grad():
            done = [(net(i, n), t) for i, n, t in batches(range(1200, 1600), 200, False)]
        out, truth = torch.cat([d[0] for d in done]), torch.cat([d[1] for d in done])
        print(f"epoch {epoch} loss {loss.item():.4f} val {F.cross_entropy(out, truth):.4f} "
              f"F1 {f1_score(truth, out.argmax(1)):.4f}")  # fmt: skip


@case("healthy")
def words_then_sentences(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    good = ["kind", "quick", "clean", "tasty", "bright", "friendly", "cheap", "fresh", "calm", "lovely"]
    bad = ["rude", "slow", "dirty", "bland", "dark", "noisy", "dear", "stale", "broken", "awful"]
    plain = ["the", "room", "food", "staff", "street", "bed", "table", "view", "door", "price"]
    plain += ["was", "is", "were", "very", "quite", "and", "with", "at"]

    def review(label):
        lines = []
        for _ in range(rng.integers(3, 7)):
            share = 0.7 if label else 0.3
            mood = good if rng.random() < share else bad
            line = list(rng.choice(plain, rng.integers(4, 8)))
            line.insert(rng.integers(0, len(line) + 1), rng.choice(mood))
            line.insert(rng.integers(0, len(line) + 1), rng.choice(mood))
            lines.append(line)
        return lines

    labels = rng.integers(0, 2, 1400)
    reviews = [review(label) for label in labels]
    vocab = {w: i + 1 for i, w in enumerate(good + bad + plain)}
    x = torch.zeros(len(reviews), 6, 10, dtype=torch.long)
    for i, lines in enumerate(reviews):
        for j, line in enumerate(lines):
            x[i, j, : len(line)] = torch.tensor([vocab[w] for w in line])
    y = torch.from_numpy(labels).float()

    class Hierarchical(nn.Module):
        def __init__(self, dim=12):
            super().__init__()
            self.words = nn.Embedding(len(vocab) + 1, dim, padding_idx=0)
            self.sentence = nn.Sequential(nn.Linear(dim, dim), nn.Tanh())
            self.attend = nn.Linear(dim, 1)
            self.head = nn.Linear(dim, 1)

        def forward(self, x):
            mask = (x > 0).float()
            words = self.words(x)
            lines = (words * mask.unsqueeze(-1)).sum(2) / mask.sum(2, keepdim=True).clamp(min=1)
            lines = self.sentence(lines)
            there = mask.sum(2) > 0
            weight = self.attend(lines).squeeze(-1).masked_fill(~there, -1e9).softmax(-1)
            return self.head((weight.unsqueeze(-1) * lines).sum(1)).squeeze(-1)

    net = Hierarchical()
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-4)
    best, kept = math.inf, None
    for epoch in range(15):
        for rows in torch.randperm(1000).split(40):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            fit = F.binary_cross_entropy_with_logits(net(x[:1000]), y[:1000]).item()
            held = net(x[1000:])
            val = F.binary_cross_entropy_with_logits(held, y[1000:]).item()
        if val < best:
            best, kept = val, copy.deepcopy(net.state_dict())
        print(f"{epoch:2d} train {fit:.4f} val {val:.4f} acc {((held > 0) == y[1000:].bool()).float().mean():.4f}")
    net.load_state_dict(kept)
    with torch.no_grad():
        print("AUC of the best epoch", round(roc_auc_score(y[1000:], net(x[1000:])), 4))


# ---------------------------------------------------------------- signals and series


@case("healthy")
def bearing_windows_split_by_machine(seed: int) -> None:
    torch.manual_seed(seed)
    signals, labels, machine = vibrations(seed)
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(signals, labels, machine))
    mean, std = signals[tr].mean(), signals[tr].std()
    x = torch.from_numpy((signals - mean) / std).unsqueeze(1)
    y = torch.from_numpy(labels).float()
    net = nn.Sequential(
        nn.Conv1d(1, 12, 9, padding=4), nn.BatchNorm1d(12), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(12, 24, 7, padding=3), nn.BatchNorm1d(24), nn.ReLU(), nn.MaxPool1d(2),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(24, 1),
    )  # fmt: skip
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 15)
    for epoch in range(15):
        net.train()
        running = 0.0
        for rows in torch.from_numpy(tr)[torch.randperm(len(tr))].split(42):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
            running += loss.item() * len(rows) / len(tr)
        sched.step()
        net.eval()
        with torch.no_grad():
            out = net(x[va]).squeeze(1)
        print(f"epoch {epoch}: train {running:.4f} val {F.binary_cross_entropy_with_logits(out, y[va]):.4f} "
              f"AUC {roc_auc_score(y[va], out):.4f}")  # fmt: skip
    by_machine = pd.Series(torch.sigmoid(out).numpy()).groupby(machine[va]).mean()
    truth = pd.Series(labels[va]).groupby(machine[va]).first()
    print(f"machines told right: {(truth == (by_machine > 0.5)).mean():.3f} of {len(truth)}")


@case("healthy")
def heart_beats_residual_net(seed: int) -> None:
    torch.manual_seed(seed)
    beats, labels, patient = heart_beats(seed)
    people = np.random.default_rng(seed).permutation(np.unique(patient))
    is_val = np.isin(patient, people[:15])
    x = torch.from_numpy(beats)
    x = (x - x.median(dim=1, keepdim=True).values).unsqueeze(1)
    y = torch.from_numpy(labels)
    x_tr, y_tr, x_va, y_va = x[~is_val], y[~is_val], x[is_val], y[is_val]

    class ResBlock(nn.Module):
        def __init__(self, inp, out, stride):
            super().__init__()
            self.a = nn.Conv1d(inp, out, 7, stride=stride, padding=3, bias=False)
            self.b = nn.Conv1d(out, out, 7, padding=3, bias=False)
            self.na, self.nb = nn.BatchNorm1d(out), nn.BatchNorm1d(out)
            self.skip = nn.Conv1d(inp, out, 1, stride=stride)
            nn.init.zeros_(self.nb.weight)

        def forward(self, x):
            return F.relu(self.skip(x) + self.nb(self.b(F.relu(self.na(self.a(x))))))

    net = nn.Sequential(ResBlock(1, 8, 2), ResBlock(8, 16, 2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(16 * 24, 2))
    counts = torch.bincount(y_tr).float()
    ce = nn.CrossEntropyLoss(weight=counts.sum() / (2 * counts))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.3, patience=2)
    for epoch in range(15):
        net.train()
        for k in torch.randperm(len(x_tr)).split(32):
            loss = ce(net(x_tr[k] * (0.8 + 0.4 * torch.rand(len(k), 1, 1))), y_tr[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            out, fit = net(x_va), ce(net(x_tr), y_tr)
        val = ce(out, y_va)
        plateau.step(val)
        print(f"{epoch:2d} {fit:.4f} {val:.4f} balanced accuracy {balanced_accuracy_score(y_va, out.argmax(1)):.4f}")


@case("healthy")
def spectrum_inside_the_network(seed: int) -> None:
    torch.manual_seed(seed)
    waves, labels = chirps(seed)
    x_tr, x_va, y_tr, y_va = train_test_split(waves, labels, test_size=0.3, stratify=labels, random_state=seed)
    x_tr, x_va = torch.from_numpy(x_tr), torch.from_numpy(x_va)
    y_tr, y_va = torch.from_numpy(y_tr).float(), torch.from_numpy(y_va).float()

    class SpectrogramNet(nn.Module):
        def __init__(self, n_fft=32, hop=16):
            super().__init__()
            self.n_fft, self.hop = n_fft, hop
            self.register_buffer("window", torch.hann_window(n_fft))
            self.norm = nn.BatchNorm2d(1)
            self.net = nn.Sequential(
                nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(12, 16, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d((4, 4)),
                nn.Flatten(), nn.Dropout(0.3), nn.Linear(256, 1),
            )  # fmt: skip

        def forward(self, wave):
            spec = torch.stft(wave, self.n_fft, self.hop, window=self.window, center=False, return_complex=True)
            return self.net(self.norm(torch.log(spec.abs() + 1e-3).unsqueeze(1))).squeeze(-1)

    model = SpectrogramNet()
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    for epoch in range(15):
        model.train()
        for rows in torch.randperm(len(x_tr)).split(42):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_tr[rows]), y_tr[rows])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(x_va)
        print(f"epoch {epoch + 1} loss {loss:.3f} val {F.binary_cross_entropy_with_logits(out, y_va):.4f} "
              f"acc {((out > 0) == y_va.bool()).float().mean():.4f}")  # fmt: skip


@case("healthy")
def hours_of_bike_days_gru(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv")
    hours = np.log1p(table.filter(regex=r"^h\d\d$").to_numpy(dtype=np.float32))
    y = table["working_day"].to_numpy()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.35, stratify=y, random_state=seed)
    hours = (hours - hours[tr].mean(axis=0)) / hours[tr].std(axis=0)
    x = torch.from_numpy(hours).unsqueeze(2)
    t = torch.from_numpy(y).float()

    class DayNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(1, 24, batch_first=True)
            self.fc = nn.Linear(48, 1)

        def forward(self, x):
            states, _ = self.gru(x)
            return self.fc(torch.cat([states.mean(1), states.amax(1)], dim=1)).squeeze(1)

    net = DayNet()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    best, kept, bad = float("inf"), None, 0
    for epoch in range(80):
        net.train()
        for rows in torch.from_numpy(tr)[torch.randperm(len(tr))].split(33):
            opt.zero_grad()
            loss = loss_fn(net(x[rows]), t[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        net.eval()
        with torch.no_grad():
            val, fit = loss_fn(net(x[va]), t[va]).item(), loss_fn(net(x[tr]), t[tr]).item()
        if val < best - 1e-3:
            best, kept, bad = val, copy.deepcopy(net.state_dict()), 0
        else:
            bad += 1
        if epoch % 5 == 0:
            print(f"epoch {epoch}: train {fit:.4f}, val {val:.4f}")
        if bad >= 20:
            break
    net.load_state_dict(kept)
    with torch.no_grad():
        out = net(x[va])
    print(f"stopped after {epoch + 1}; val {best:.4f}, AUC {roc_auc_score(y[va], out):.4f}, "
          f"accuracy {accuracy_score(y[va], out > 0):.4f}")  # fmt: skip


@case("healthy")
def dilated_causal_convolutions_on_counts(seed: int) -> None:
    torch.manual_seed(seed)
    counts, labels = call_counts(seed)
    x = torch.from_numpy(np.sqrt(counts + 0.375)).unsqueeze(1)  # Anscombe: about the same variance everywhere
    x = x - x.mean(dim=2, keepdim=True)
    y = torch.from_numpy(labels).float()
    n = 1100

    class Causal(nn.Module):
        def __init__(self, inp, out, dilation):
            super().__init__()
            self.left = 2 * dilation
            self.conv = parametrizations.weight_norm(nn.Conv1d(inp, out, 3, dilation=dilation))
            self.skip = nn.Conv1d(inp, out, 1) if inp != out else nn.Identity()

        def forward(self, x):
            return F.relu(self.conv(F.pad(x, (self.left, 0)))) + self.skip(x)

    class TCN(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(Causal(1, 16, 1), Causal(16, 16, 2), Causal(16, 16, 4))
            self.fc = nn.Linear(16, 1)

        def forward(self, x):
            return self.fc(self.body(x).mean(-1)).squeeze(-1)

    net = TCN()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    sched = torch.optim.lr_scheduler.StepLR(opt, 8, 0.5)
    for epoch in range(20):
        net.train()
        for k in torch.randperm(n).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[k]), y[k])
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            out, fit = net(x[n:]), F.binary_cross_entropy_with_logits(net(x[:n]), y[:n])
        if epoch % 2:
            print(f"epoch {epoch + 1:2d} train {fit:.4f} val {F.binary_cross_entropy_with_logits(out, y[n:]):.4f} "
                  f"AUC {roc_auc_score(y[n:], out):.4f}")  # fmt: skip


@case("healthy")
def walking_or_running_lstm_by_person(seed: int) -> None:
    torch.manual_seed(seed)
    windows, labels, person = steps_of_people(seed, people=90)
    train_people, val_people = train_test_split(np.unique(person), test_size=0.3, random_state=seed)

    class Windows(Dataset):
        def __init__(self, people):
            self.rows = np.flatnonzero(np.isin(person, people))

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            w = windows[self.rows[i]]
            w = (w - w.mean(axis=1, keepdims=True)) / (w.std(axis=1, keepdims=True) + 1e-6)
            return torch.from_numpy(np.ascontiguousarray(w.T)), int(labels[self.rows[i]])

    class Activity(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(3, 16, 5, stride=2, padding=2)
            self.lstm = nn.LSTM(16, 24, batch_first=True)
            self.fc = nn.Linear(24, 2)

        def forward(self, x):
            h = F.relu(self.conv(x.transpose(1, 2))).transpose(1, 2)
            h, _ = self.lstm(h)
            return self.fc(h.mean(dim=1))

    net = Activity()
    train = DataLoader(Windows(train_people), batch_size=48, shuffle=True, drop_last=True)
    val = DataLoader(Windows(val_people), batch_size=500)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 14, eta_min=1e-4)
    for epoch in range(14):
        net.train()
        for xb, yb in train:
            loss = F.cross_entropy(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            xv, yv = next(iter(val))
            out = net(xv)
        print(f"epoch {epoch + 1}/14 loss {loss.item():.4f} val {F.cross_entropy(out, yv):.4f} "
              f"acc {(out.argmax(1) == yv).float().mean():.4f} AUC {roc_auc_score(yv, out.softmax(1)[:, 1]):.4f}")


@case("healthy")
def time_branch_and_frequency_branch(seed: int) -> None:
    torch.manual_seed(seed)
    signals, labels, machine = vibrations(seed + 30, machines=120, windows=18)
    numbers = np.random.default_rng(seed).permutation(120)
    val_rows = np.isin(machine, numbers[:40])
    scale = signals[~val_rows].std()
    x, y = torch.from_numpy(signals / scale), torch.from_numpy(labels).float()

    class TwoBranch(nn.Module):
        def __init__(self):
            super().__init__()
            self.time = nn.Sequential(nn.Conv1d(1, 12, 9, stride=2), nn.ReLU(), nn.Conv1d(12, 12, 5), nn.ReLU(),
                                      nn.AdaptiveMaxPool1d(1), nn.Flatten())  # fmt: skip
            self.frequency = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 16), nn.ReLU())
            self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(28, 1))

        def forward(self, x):
            power = torch.log1p(torch.fft.rfft(x, dim=-1).abs()[:, 1:])
            return self.head(torch.cat([self.time(x.unsqueeze(1)), self.frequency(power)], dim=1)).squeeze(1)

    net = TwoBranch()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    loader = DataLoader(TensorDataset(x[~val_rows], y[~val_rows]), batch_size=40, shuffle=True)
    history = []
    for _epoch in range(18):
        net.train()
        total = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            opt.step()
            total += loss.item() * len(yb)
        net.eval()
        with torch.no_grad():
            out = net(x[val_rows])
            val = F.binary_cross_entropy_with_logits(out, y[val_rows]).item()
        history.append({"train": total / (~val_rows).sum(), "val": val, "auc": roc_auc_score(y[val_rows], out)})
    print(pd.DataFrame(history).round(4).to_string())


@case("healthy")
def random_kernels_with_a_trained_head(seed: int) -> None:
    torch.manual_seed(seed)
    waves, labels = chirps(seed + 10, count=1500)
    x, y = torch.from_numpy(waves).unsqueeze(1), torch.from_numpy(labels).float()

    class RandomKernels(nn.Module):
        """Largest value and share of positive values of random convolutions, on the two halves of the wave."""

        def __init__(self, count):
            super().__init__()
            for number in range(3):
                kernel = torch.randn(count, 1, 11)
                self.register_buffer(f"kernel{number}", kernel - kernel.mean(-1, keepdim=True))
                self.register_buffer(f"bias{number}", torch.rand(count) * 4 - 2)

        def forward(self, x):
            made = []
            for number, dilation in enumerate([1, 2, 3]):
                kernel, bias = getattr(self, f"kernel{number}"), getattr(self, f"bias{number}")
                out = F.conv1d(x, kernel, bias, dilation=dilation)
                for half in out.chunk(2, dim=-1):
                    made += [half.amax(-1), (half > 0).float().mean(-1)]
            return torch.cat(made, dim=1)

    with torch.no_grad():
        kernels = RandomKernels(80)
        features = torch.cat([kernels(part) for part in x.split(250)])
    n = 1050
    features = (features - features[:n].mean(0)) / (features[:n].std(0) + 1e-6)
    head = nn.Linear(features.shape[1], 1)
    nn.init.zeros_(head.weight)
    opt = torch.optim.AdamW(head.parameters(), lr=1e-3, weight_decay=0.3)
    for epoch in range(12):
        for k in torch.randperm(n).split(50):
            loss = F.binary_cross_entropy_with_logits(head(features[k]).squeeze(1), y[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = head(features).squeeze(1)
        fit, val = (F.binary_cross_entropy_with_logits(out[part], y[part]) for part in (slice(n), slice(n, None)))
        print(f"{epoch + 1} train {fit:.4f} val {val:.4f} val AUC {roc_auc_score(y[n:], out[n:]):.4f}")


@case("healthy")
def relative_attention_on_a_series(seed: int) -> None:
    torch.manual_seed(seed)
    counts, labels = call_counts(seed + 5, count=2000)
    level = counts.mean(axis=1, keepdims=True)
    x = torch.from_numpy((counts - level) / np.sqrt(level)).unsqueeze(-1)
    y = torch.from_numpy(labels)

    class RelativeAttention(nn.Module):
        def __init__(self, dim, heads, length):
            super().__init__()
            self.heads = heads
            self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
            self.bias = nn.Parameter(torch.zeros(heads, 2 * length - 1))
            place = torch.arange(length)
            self.register_buffer("distance", place[:, None] - place[None, :] + length - 1)

        def forward(self, x):
            b, n, d = x.shape
            q, k, v = self.qkv(x).view(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
            score = q @ k.transpose(-1, -2) / math.sqrt(d // self.heads) + self.bias[:, self.distance]
            return self.out((score.softmax(-1) @ v).transpose(1, 2).reshape(b, n, d))

    class Net(nn.Module):
        def __init__(self, dim=16):
            super().__init__()
            self.into = nn.Conv1d(1, dim, 3, padding=1)
            self.n1, self.n2, self.n3 = nn.LayerNorm(dim), nn.LayerNorm(dim), nn.LayerNorm(dim)
            self.attention = RelativeAttention(dim, 2, 48)
            self.mlp = nn.Sequential(nn.Linear(dim, 32), nn.GELU(), nn.Linear(32, dim))
            self.head = nn.Linear(2 * dim, 2)

        def forward(self, x):
            h = self.into(x.transpose(1, 2)).transpose(1, 2)
            h = h + self.attention(self.n1(h))
            h = self.n3(h + self.mlp(self.n2(h)))
            return self.head(torch.cat([h.mean(1), h.std(1)], dim=1))

    net = Net()
    n, epochs = 1500, 10
    opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=epochs * 25)
    for epoch in range(epochs):
        net.train()
        for k in torch.randperm(n).split(60):
            loss = F.cross_entropy(net(x[k]), y[k])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            sched.step()
        net.eval()
        with torch.no_grad():
            out, fit = net(x[n:]), F.cross_entropy(net(x[:n]), y[:n])
        print(f"{epoch} train {fit:.4f} val {F.cross_entropy(out, y[n:]):.4f} "
              f"auc {roc_auc_score(y[n:], out[:, 1] - out[:, 0]):.4f}")  # fmt: skip


@case("healthy")
def learned_band_pass_filters(seed: int) -> None:
    torch.manual_seed(seed)
    windows, labels, person = steps_of_people(seed + 20)
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(windows, labels, person))
    x = torch.from_numpy(windows)
    x = x - x.mean(dim=2, keepdim=True)
    x = x / x[tr].std()
    y = torch.from_numpy(labels).float()

    class Positive(nn.Module):
        def forward(self, raw):
            return F.softplus(raw)

        def right_inverse(self, value):
            return torch.log(torch.expm1(value))

    class Bands(nn.Module):
        """Energy of the signal in Gaussian bands of frequency whose centres and widths are learned."""

        def __init__(self, count, length, rate):
            super().__init__()
            self.centre = nn.Parameter(torch.linspace(0.5, 8.0, count))
            self.width = nn.Parameter(torch.full((count,), 0.6))
            parametrize.register_parametrization(self, "width", Positive())
            self.register_buffer("frequency", torch.fft.rfftfreq(4 * length, 1 / rate))
            self.length = length

        def forward(self, x):
            power = torch.fft.rfft(x, n=4 * self.length).abs().square() / self.length
            band = torch.exp(-0.5 * ((self.frequency[:, None] - self.centre) / self.width) ** 2)
            return torch.log(power @ (band / band.sum(0)) + 1e-2).flatten(1)

    net = nn.Sequential(Bands(12, 64, 20.0), nn.LayerNorm(36), nn.Linear(36, 16), nn.ReLU(), nn.Linear(16, 1))
    groups = [{"params": net[0].parameters(), "lr": 1e-2}, {"params": net[1:].parameters(), "weight_decay": 0.02}]
    opt = torch.optim.AdamW(groups, lr=3e-3, weight_decay=0.0)
    train = DataLoader(TensorDataset(x[tr], y[tr]), batch_size=42, shuffle=True)
    for epoch in range(14):
        for xb, yb in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
        with torch.no_grad():
            fit, out = net(x[tr]).squeeze(1), net(x[va]).squeeze(1)
        print(f"epoch {epoch + 1}: {F.binary_cross_entropy_with_logits(fit, y[tr]):.4f} "
              f"{F.binary_cross_entropy_with_logits(out, y[va]):.4f} {roc_auc_score(y[va], out):.4f}")  # fmt: skip


@case("healthy")
def masked_pretraining_then_all_layers_tuned(seed: int) -> None:
    torch.manual_seed(seed)
    beats, labels, patient = heart_beats(seed + 60, patients=60)
    shuffled = np.random.default_rng(seed).permutation(60)
    unlabelled, tuned = np.isin(patient, shuffled[:20]), np.isin(patient, shuffled[20:44])
    val = np.isin(patient, shuffled[44:])
    mean = beats.mean(axis=1, keepdims=True)
    x = torch.from_numpy((beats - mean) / beats.std(axis=1, keepdims=True)).unsqueeze(1)
    y = torch.from_numpy(labels).float()

    encoder = nn.Sequential(nn.Conv1d(1, 16, 7, stride=2, padding=3), nn.GELU(),
                            nn.Conv1d(16, 32, 7, stride=2, padding=3), nn.GELU())  # fmt: skip
    decoder = nn.Sequential(nn.ConvTranspose1d(32, 16, 4, stride=2, padding=1), nn.GELU(),
                            nn.ConvTranspose1d(16, 1, 4, stride=2, padding=1))  # fmt: skip
    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
    pool = x[unlabelled | tuned]
    for _ in range(6):
        for k in torch.randperm(len(pool)).split(64):
            hidden = torch.rand(len(k), 1, 12).lt(0.3).repeat_interleave(8, dim=2)
            rebuilt = decoder(encoder(pool[k].masked_fill(hidden, 0.0)))
            loss = (rebuilt - pool[k])[hidden].square().mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    print("error on hidden samples", round(loss.item(), 4))

    head = nn.Sequential(nn.AdaptiveAvgPool1d(6), nn.Flatten(), nn.Dropout(0.2), nn.Linear(192, 1))
    opt = torch.optim.AdamW([
        {"params": encoder.parameters(), "lr": 3e-4},
        {"params": head.parameters(), "lr": 3e-3},
    ], weight_decay=0.02)  # fmt: skip
    rows = np.flatnonzero(tuned)
    for epoch in range(22):
        head.train()
        for k in torch.from_numpy(rows)[torch.randperm(len(rows))].split(32):
            loss = F.binary_cross_entropy_with_logits(head(encoder(x[k])).flatten(), y[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
        head.eval()
        with torch.no_grad():
            fit, out = head(encoder(x[tuned])).flatten(), head(encoder(x[val])).flatten()
        print(f"epoch {epoch}: train {F.binary_cross_entropy_with_logits(fit, y[tuned]):.4f} "
              f"val {F.binary_cross_entropy_with_logits(out, y[val]):.4f} AUC {roc_auc_score(y[val], out):.4f}")


# ---------------------------------------------------------------- graphs, sets, transactions


@case("healthy")
def graph_convolutions_on_padded_graphs(seed: int) -> None:
    torch.manual_seed(seed)
    graphs = coloured_graphs(seed, 1400)
    size = max(len(f) for f, _, _ in graphs)
    x, a = torch.zeros(len(graphs), size, 3), torch.zeros(len(graphs), size, size)
    real = torch.zeros(len(graphs), size)
    for i, (features, adjacency, _) in enumerate(graphs):
        n = len(features)
        x[i, :n], a[i, :n, :n], real[i, :n] = torch.from_numpy(features), torch.from_numpy(adjacency), 1
    y = torch.tensor([g[2] for g in graphs]).float()

    class GraphConv(nn.Module):
        def __init__(self, inp, out):
            super().__init__()
            self.own, self.near = nn.Linear(inp, out), nn.Linear(inp, out, bias=False)

        def forward(self, h, a):
            return F.relu(self.own(h) + self.near(a @ h))

    class Net(nn.Module):
        def __init__(self, dim=24):
            super().__init__()
            self.first, self.second = GraphConv(3, dim), GraphConv(dim, dim)
            self.head = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 1))

        def forward(self, x, a, real):
            h = self.second(self.first(x, a), a) * real[..., None]
            return self.head(h.sum(1) / real.sum(1, keepdim=True)).squeeze(-1)

    tr, va = torch.arange(1000), torch.arange(1000, 1400)
    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 30)
    for epoch in range(30):
        for k in tr[torch.randperm(len(tr))].split(40):
            loss = F.binary_cross_entropy_with_logits(net(x[k], a[k], real[k]), y[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        if epoch % 3 == 2:
            with torch.no_grad():
                fit, out = net(x[tr], a[tr], real[tr]), net(x[va], a[va], real[va])
            print(f"epoch {epoch + 1} train {F.binary_cross_entropy_with_logits(fit, y[tr]):.4f} "
                  f"val {F.binary_cross_entropy_with_logits(out, y[va]):.4f} AUC {roc_auc_score(y[va], out):.4f}")


@case("healthy")
def isomorphism_network_with_edge_lists(seed: int) -> None:
    torch.manual_seed(seed)
    graphs = coloured_graphs(seed + 40, 1400)

    def collate(items):
        xs, sources, targets, owner, labels, offset = [], [], [], [], [], 0
        for number, (features, adjacency, label) in enumerate(items):
            i, j = np.nonzero(adjacency)
            xs.append(features)
            sources.append(i + offset)
            targets.append(j + offset)
            owner.append(np.full(len(features), number))
            labels.append(label)
            offset += len(features)
        join = lambda parts: torch.from_numpy(np.concatenate(parts))  # noqa: E731
        return join(xs), join(sources), join(targets), join(owner), torch.tensor(labels, dtype=torch.float32)

    class GIN(nn.Module):
        def __init__(self, dim=32):
            super().__init__()
            self.eps = nn.Parameter(torch.zeros(2))
            self.mlps = nn.ModuleList(
                [nn.Sequential(nn.Linear(i, dim), nn.ReLU(), nn.Linear(dim, dim), nn.ReLU()) for i in (3, dim)]
            )
            self.readout = nn.Linear(2 * dim, 1)

        def forward(self, x, source, target, owner, count):
            levels = []
            for eps, mlp in zip(self.eps, self.mlps, strict=False):
                x = mlp((1 + eps) * x + torch.zeros_like(x).index_add(0, target, x[source]))
                summed = torch.zeros(count, x.shape[1]).index_add(0, owner, x)
                size = torch.zeros(count).index_add(0, owner, torch.ones(len(owner)))
                levels.append(summed / size[:, None])
            return self.readout(torch.cat(levels, dim=1)).squeeze(1)

    model = GIN()
    opt = torch.optim.Adam(model.parameters(), lr=6e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 36)
    train = DataLoader(graphs[:1000], batch_size=50, shuffle=True, collate_fn=collate)
    val = DataLoader(graphs[1000:], batch_size=400, collate_fn=collate)
    for epoch in range(36):
        mean = 0.0
        for x, source, target, owner, y in train:
            loss = F.binary_cross_entropy_with_logits(model(x, source, target, owner, len(y)), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            mean += loss.item() / len(train)
        sched.step()
        if epoch % 3 == 2:
            with torch.no_grad():
                x, source, target, owner, y = next(iter(val))
                out = model(x, source, target, owner, len(y))
            print(f"{epoch + 1} train {mean:.4f} val {F.binary_cross_entropy_with_logits(out, y):.4f} "
                  f"acc {((out > 0) == y.bool()).float().mean():.4f} AUC {roc_auc_score(y, out):.4f}")  # fmt: skip


@case("healthy")
def nodes_of_one_big_graph(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    nodes = 900
    group = rng.integers(0, 2, nodes)
    chance = np.where(group[:, None] == group[None, :], 0.008, 0.003)
    upper = np.triu(rng.random((nodes, nodes)) < chance, 1)
    adjacency = torch.from_numpy((upper | upper.T).astype(np.float32))
    x = torch.from_numpy(rng.normal(size=(nodes, 10)) + 0.5 * group[:, None] * (np.arange(10) < 5)).float()
    y = torch.from_numpy(group).float()
    order = rng.permutation(nodes)
    train, val = torch.from_numpy(order[:450]), torch.from_numpy(order[450:])

    with_loops = adjacency + torch.eye(nodes)
    root = with_loops.sum(1).rsqrt()
    smooth = root[:, None] * with_loops * root[None, :]

    class GCN(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(10, 16), nn.Linear(16, 1)
            self.drop = nn.Dropout(0.5)

        def forward(self, x, smooth):
            h = F.relu(smooth @ self.a(self.drop(x)))
            return (smooth @ self.b(self.drop(h))).squeeze(1)

    net = GCN()
    opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=5e-4)
    for epoch in range(90):
        net.train()
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(x, smooth)[train], y[train])
        loss.backward()
        opt.step()
        if epoch % 15 == 14:
            net.eval()
            with torch.no_grad():
                out = net(x, smooth)
            print(f"epoch {epoch + 1:3d} train {F.binary_cross_entropy_with_logits(out[train], y[train]):.4f} "
                  f"val {F.binary_cross_entropy_with_logits(out[val], y[val]):.4f} "
                  f"acc {((out[val] > 0) == y[val].bool()).float().mean():.4f} "
                  f"AUC {roc_auc_score(y[val], out[val]):.4f}")  # fmt: skip
    flat = LogisticRegression().fit(x[train], group[order[:450]])
    print("without edges:", round(roc_auc_score(y[val], flat.decision_function(x[val])), 4))


@case("healthy")
def deep_sets_of_points(seed: int) -> None:
    torch.manual_seed(seed)
    sets, labels = point_sets(seed, 2000)
    centred = [torch.from_numpy(s - s.mean(axis=0)) for s in sets]
    sizes = torch.tensor([len(s) for s in centred])
    x = pad_sequence(centred, batch_first=True)
    mask = torch.arange(x.shape[1])[None, :] < sizes[:, None]
    y = torch.from_numpy(labels).float()

    class DeepSet(nn.Module):
        def __init__(self, dim=32):
            super().__init__()
            self.phi = nn.Sequential(nn.Linear(2, dim), nn.SiLU(), nn.Linear(dim, dim), nn.SiLU())
            self.rho = nn.Sequential(nn.Linear(2 * dim, dim), nn.SiLU(), nn.Linear(dim, 1))

        def forward(self, x, mask):
            h = self.phi(x)
            average = (h * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            largest = h.masked_fill(~mask[..., None], float("-inf")).amax(1)
            return self.rho(torch.cat([average, largest], dim=1)).flatten()

    net = DeepSet()
    train = DataLoader(TensorDataset(x[:1400], mask[:1400], y[:1400]), batch_size=50, shuffle=True)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 25)
    for epoch in range(25):
        for xb, mb, yb in train:
            angle = torch.rand(()) * 2 * math.pi
            turn = torch.stack([torch.stack([angle.cos(), -angle.sin()]), torch.stack([angle.sin(), angle.cos()])])
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb @ turn, mb), yb)
            loss.backward()
            opt.step()
        sched.step()
        with torch.no_grad():
            fit = F.binary_cross_entropy_with_logits(net(x[:1400], mask[:1400]), y[:1400])
            out = net(x[1400:], mask[1400:])
        if epoch % 4 == 0:
            print(f"epoch {epoch:2d} train {fit:.4f} val {F.binary_cross_entropy_with_logits(out, y[1400:]):.4f} "
                  f"AUC {roc_auc_score(y[1400:], out):.4f}")  # fmt: skip


@case("healthy")
def bags_by_gated_attention(seed: int) -> None:
    torch.manual_seed(seed)
    bags, labels = bags_of_cells(seed, 1500)
    cells = pad_sequence([torch.from_numpy(b) for b in bags], batch_first=True)
    there = pad_sequence([torch.ones(len(b), dtype=torch.bool) for b in bags], batch_first=True)
    y = torch.from_numpy(labels).float()

    class GatedAttention(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = nn.Sequential(nn.Linear(8, 24), nn.ReLU())
            self.v, self.u, self.w = nn.Linear(24, 16), nn.Linear(24, 16), nn.Linear(16, 1)
            self.out = nn.Linear(24, 1)

        def forward(self, cells, there):
            h = self.cell(cells)
            score = self.w(torch.tanh(self.v(h)) * torch.sigmoid(self.u(h))).squeeze(-1)
            weight = score.masked_fill(~there, float("-inf")).softmax(dim=1)
            return self.out(torch.einsum("bn,bnd->bd", weight, h)).squeeze(-1), weight

    net = GatedAttention()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    tr, va = train_test_split(torch.arange(len(y)), test_size=0.3, stratify=labels, random_state=seed)
    best, kept = (math.inf, 0), None
    for epoch in range(25):
        for k in tr[torch.randperm(len(tr))].split(35):
            score, _ = net(cells[k], there[k])
            loss = F.binary_cross_entropy_with_logits(score, y[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            fit = F.binary_cross_entropy_with_logits(net(cells[tr], there[tr])[0], y[tr]).item()
            val = F.binary_cross_entropy_with_logits(net(cells[va], there[va])[0], y[va]).item()
        print(f"[{epoch:02d}] {fit:.4f} {val:.4f}")
        if val < best[0]:
            best, kept = (val, epoch), copy.deepcopy(net.state_dict())
        elif epoch - best[1] >= 4:
            break
    net.load_state_dict(kept)
    with torch.no_grad():
        score, weight = net(cells[va], there[va])
    print(f"epoch {best[1]}: AUC {roc_auc_score(y[va], score):.4f}, accuracy {accuracy_score(y[va], score > 0):.4f}, "
          f"largest weight {weight.amax(1).mean():.2f}")  # fmt: skip


@case("healthy")
def payments_in_order_gru_for_each_step(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    amount = np.log(table["amount"].to_numpy())
    hour = table["hour"].to_numpy() / 24 * 2 * np.pi
    known = table.assign(amount=amount).groupby("user")["amount"].transform(lambda a: a.shift().expanding().mean())
    jump = np.where(known.isna(), 0.0, amount - known)  # from the user's usual amount so far
    columns = [amount, jump, np.sin(hour), np.cos(hour), table["foreign"], table["online"]]
    users = table["user"].nunique()
    x = torch.tensor(np.stack(columns, axis=1), dtype=torch.float32).view(users, 30, 6)
    y = torch.tensor(table["fraud"].to_numpy(), dtype=torch.float32).view(users, 30)
    order = torch.randperm(users)
    train, val, test = order[:240], order[240:320], order[320:]
    x = (x - x[train].mean((0, 1))) / x[train].std((0, 1))

    class Watch(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(6, 16, batch_first=True)
            self.head = nn.Sequential(nn.Linear(22, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1))

        def forward(self, x):
            past, _ = self.gru(x)
            past = F.pad(past, (0, 0, 1, 0))[:, :-1]  # what was known before this payment
            return self.head(torch.cat([past, x], dim=2)).squeeze(2)

    net = Watch()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-5)
    best, kept, bad = math.inf, None, 0
    for epoch in range(60):
        net.train()
        for k in train[torch.randperm(len(train))].split(24):
            loss = F.binary_cross_entropy_with_logits(net(x[k]), y[k])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        net.eval()
        with torch.no_grad():
            fit = F.binary_cross_entropy_with_logits(net(x[train]), y[train]).item()
            now = F.binary_cross_entropy_with_logits(net(x[val]), y[val]).item()
        if epoch % 3 == 0:
            print(f"epoch {epoch} train {fit:.4f} val {now:.4f}")
        best, kept, bad = (now, copy.deepcopy(net.state_dict()), 0) if now < best else (best, kept, bad + 1)
        if bad == 8:
            break
    net.load_state_dict(kept)
    with torch.no_grad():
        p_val, p_test = torch.sigmoid(net(x[val])).flatten(), torch.sigmoid(net(x[test])).flatten()
    precision, recall, cuts = precision_recall_curve(y[val].flatten(), p_val)
    cut = cuts[np.argmax(2 * precision[:-1] * recall[:-1] / (precision[:-1] + recall[:-1] + 1e-12))]
    truth = y[test].flatten()
    print(f"test: AUC {roc_auc_score(truth, p_test):.4f} AP {average_precision_score(truth, p_test):.4f} "
          f"F1 at {cut:.3f}: {f1_score(truth, p_test >= cut):.3f}")  # fmt: skip


@case("healthy")
def three_networks_on_different_folds_of_names(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = first_names()
    pieces = [[f"^{n}$"[i : i + k] for k in (1, 2, 3, 4) for i in range(len(n) + 3 - k)] for n in names]
    rest, test = train_test_split(np.arange(len(y)), test_size=0.25, stratify=y, random_state=seed)
    often = Counter(p for r in rest for p in pieces[r])
    number = {p: i + 1 for i, p in enumerate(p for p, c in often.items() if c >= 3)}
    coded = [torch.tensor([number[p] for p in ps if p in number]) for ps in pieces]
    encoded = pad_sequence(coded, batch_first=True)
    dataset = TensorDataset(encoded, torch.from_numpy(y).float())
    loss_fn = nn.BCEWithLogitsLoss()

    def build():
        bag = nn.EmbeddingBag(len(number) + 1, 16, mode="mean", padding_idx=0)
        return nn.Sequential(bag, nn.Dropout(0.3), nn.Linear(16, 1), nn.Flatten(0))

    votes = []
    for fold, (tr, va) in enumerate(StratifiedKFold(3, shuffle=True, random_state=seed).split(rest, y[rest])):
        net = build()
        opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.05)
        best, kept, waited = math.inf, None, 0
        xv, yv = dataset[rest[va]]
        for epoch in range(30):  # noqa: B007
            net.train()
            for xb, yb in DataLoader(Subset(dataset, rest[tr].tolist()), batch_size=96, shuffle=True):
                opt.zero_grad()
                loss = loss_fn(net(xb), yb)
                loss.backward()
                opt.step()
            net.eval()
            with torch.no_grad():
                val = loss_fn(net(xv), yv).item()
            if val < best:
                best, kept, waited = val, copy.deepcopy(net.state_dict()), 0
            elif (waited := waited + 1) == 3:
                break
        net.load_state_dict(kept)
        print(f"fold {fold}: {epoch + 1} epochs, last val {val:.4f}, best val {best:.4f}")
        with torch.no_grad():
            votes.append(torch.sigmoid(net(encoded[test])))
    p = torch.stack(votes).mean(0)
    print(f"test AUC {roc_auc_score(y[test], p):.4f}, log loss {log_loss(y[test], p.double().numpy()):.4f}, "
          f"balanced accuracy {balanced_accuracy_score(y[test], p > y[rest].mean()):.4f}")  # fmt: skip


@case("healthy")
def shared_encoder_for_two_recordings(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def recording(speaker):
        t = np.arange(160)
        pitch = speaker[0] * (1 + rng.normal(0, 0.02))
        wave = sum(a * np.sin(2 * np.pi * pitch * (k + 1) * t + rng.uniform(0, 6.3)) for k, a in enumerate(speaker[1]))
        return wave + rng.normal(0, 0.4, 160)

    def draw(count):
        first, second, same = [], [], []
        for i in range(count):
            a, b = ((rng.uniform(0.02, 0.07), rng.uniform(0.2, 1.2, 4)) for _ in range(2))
            first.append(recording(a))
            second.append(recording(a if i % 2 else b))
            same.append(i % 2)
        made = (torch.tensor(np.array(v), dtype=torch.float32) for v in (first, second, same))
        return TensorDataset(*made)

    train, val = draw(9000), draw(800)  # every pair has speakers of its own

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(80, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32))

        def forward(self, wave):
            spectrum = torch.fft.rfft(wave * torch.hann_window(160), dim=1).abs()[:, :80]
            return self.net(torch.log1p(spectrum) - 1.5)

    class Verifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = Encoder()
            self.head = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))

        def forward(self, a, b):
            a, b = self.encoder(a), self.encoder(b)
            return self.head(torch.cat([(a - b).abs(), a * b], dim=1)).squeeze(1)

    net = Verifier()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.1)
    best, kept, waited = math.inf, None, 0
    xa, xb, yv = val.tensors
    for epoch in range(25):
        net.train()
        total = 0.0
        for a, b, y in DataLoader(train, batch_size=100, shuffle=True):
            if torch.rand(()) < 0.5:
                a, b = b, a
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(a, b), y)
            loss.backward()
            opt.step()
            total += loss.item() * len(y) / len(train)
        net.eval()
        with torch.no_grad():
            out = net(xa, xb)
            now = F.binary_cross_entropy_with_logits(out, yv).item()
        print(f"epoch {epoch} train {total:.4f} val {now:.4f} AUC {roc_auc_score(yv, out):.4f}")
        if now < best:
            best, kept, waited = now, copy.deepcopy(net.state_dict()), 0
        elif (waited := waited + 1) == 4:
            break
    net.load_state_dict(kept)
    with torch.no_grad():
        out = net(xa, xb)
    print(f"kept: val {best:.4f} accuracy {accuracy_score(yv, out > 0):.4f} AUC {roc_auc_score(yv, out):.4f}")


@case("healthy")
def gated_convolutions_on_sessions_lbfgs_head(seed: int) -> None:
    torch.manual_seed(seed)
    sessions, labels = log_sessions(seed + 90, 1500)
    kinds = sorted({e for s in sessions for e in s})
    x = torch.zeros(len(sessions), len(kinds), 34)
    for i, session in enumerate(sessions):
        for j, event in enumerate(session):
            x[i, kinds.index(event), j] = 1.0
    y = torch.from_numpy(labels).float()

    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(len(kinds), 16, 4)
            self.head = nn.Linear(8, 1)

        def forward(self, x):
            return self.head(F.glu(self.conv(x), dim=1).amax(-1)).squeeze(-1)

    net = Gated()
    n = 1100
    opt = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=10, history_size=10, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(x[:n]), y[:n])
        loss = loss + 1e-3 * sum(p.square().sum() for p in net.parameters())
        loss.backward()
        return loss

    for step in range(12):
        loss = opt.step(closure)
        with torch.no_grad():
            out = net(x[n:])
        print(f"step {step + 1} objective {loss.item():.4f} val {F.binary_cross_entropy_with_logits(out, y[n:]):.4f} "
              f"AUC {roc_auc_score(y[n:], out):.4f}")  # fmt: skip
