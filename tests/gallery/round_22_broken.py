"""Broken trainings on images, texts, signals, graphs, sets and sequences."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


def gratings(rng, n, side=16, noise=0.6):
    y = rng.integers(0, 2, n)
    angle = np.where(y == 1, 0.6, -0.6) + rng.normal(0, 0.15, n)
    phase, freq = rng.uniform(0, 2 * np.pi, n), rng.uniform(0.8, 1.2, n)
    r, c = np.mgrid[:side, :side]
    along = np.cos(angle)[:, None, None] * c + np.sin(angle)[:, None, None] * r
    image = np.sin(freq[:, None, None] * along + phase[:, None, None])
    return (image + noise * rng.normal(size=image.shape)).astype(np.float32), y


def discs_and_squares(rng, n, side=16, noise=0.2):
    y = rng.integers(0, 2, n)
    r, c = np.mgrid[:side, :side]
    images = np.zeros((n, side, side), dtype=np.float32)
    for i in range(n):
        cy, cx = rng.uniform(5, side - 6, 2)
        size = rng.uniform(3, 5)
        inside = np.hypot(r - cy, c - cx) < size if y[i] else np.maximum(abs(r - cy), abs(c - cx)) < 0.88 * size
        images[i] = inside
    return images + noise * rng.normal(size=images.shape).astype(np.float32), y


def coloured_blobs(rng, n, side=12):
    y = rng.integers(0, 2, n)
    r, c = np.mgrid[:side, :side]
    images = rng.normal(90, 25, (n, 3, side, side))
    for i in range(n):
        cy, cx = rng.uniform(3, side - 4, 2)
        spot = np.exp(-((r - cy) ** 2 + (c - cx) ** 2) / 8)
        images[i, 0] += spot * (120 if y[i] else 30)
        images[i, 2] += spot * (30 if y[i] else 120)
    return images.clip(0, 255).astype(np.uint8), y


def heartbeats(rng, n, length=80, noise=0.15, share=0.5):
    y = (rng.random(n) < share).astype(np.int64)
    t = np.arange(length)
    x = np.zeros((n, length))
    for i in range(n):
        centre = 40 + rng.normal(0, 3)
        width = rng.uniform(3.2, 5.0) if y[i] else rng.uniform(1.6, 3.0)
        x[i] += rng.uniform(0.8, 1.3) * np.exp(-(((t - centre) / width) ** 2))
        x[i] += (0.05 if y[i] else 0.2) * np.exp(-(((t - centre + 18) / 4) ** 2))
        x[i] += 0.3 * np.exp(-(((t - centre - 22) / 6) ** 2))
    return (x + noise * rng.normal(size=x.shape)).astype(np.float32), y


def chirps(rng, n, length=64, channels=1, noise=0.5):
    y = rng.integers(0, 2, n)
    t = np.linspace(0, 1, length)
    low, high = rng.uniform(2, 4, n), rng.uniform(7, 10, n)
    start, end = np.where(y == 1, low, high), np.where(y == 1, high, low)
    angle = 2 * np.pi * (start[:, None] * t + 0.5 * (end - start)[:, None] * t**2)
    shift = rng.uniform(0, 2 * np.pi, (n, 1, channels))
    x = np.sin(angle[:, :, None] + shift)
    return (x + noise * rng.normal(size=x.shape)).astype(np.float32), y


def account_histories(rng, n, shortest=5, longest=30):
    """Rows of (amount, hours since the last payment); label 1: the last three amounts are unusual for the account."""
    y = rng.integers(0, 2, n)
    rows = []
    for label in y:
        length = rng.integers(shortest, longest + 1)
        amounts = rng.lognormal(rng.normal(3.5, 0.6), 0.5, length)
        gaps = rng.exponential(20, length)
        if label:
            amounts[-3:] *= rng.uniform(2, 4)
            gaps[-3:] *= 0.4
        rows.append(np.stack([amounts, gaps], axis=1).astype(np.float32))
    return rows, y


def sessions(rng, n, longest=24):
    """Event numbers 1 to 9 of log sessions; label 1: some lock (2) is followed by a write (4) without its check (3)."""
    y = rng.integers(0, 2, n)
    x = np.zeros((n, longest), dtype=np.int64)
    for i in range(n):
        length = rng.integers(10, longest + 1)
        events = rng.choice([1, 5, 6, 7, 8, 9], length)
        at = rng.choice(np.arange(0, length - 3, 3), 2, replace=False)
        for place in at:
            events[place : place + 3] = [2, 3, 4]
        if y[i]:
            events[at[0] : at[0] + 3] = [2, 4, 3]
        x[i, :length] = events
    return x, y


def friend_graphs(rng, n, nodes=14):
    """Adjacency matrices and node marks of ±1; label 1: edges join like to like."""
    y = rng.integers(0, 2, n)
    marks = rng.choice([-1.0, 1.0], (n, nodes))
    like = marks[:, :, None] * marks[:, None, :] > 0
    chance = np.where(like == (y[:, None, None] == 1), 0.36, 0.24)
    upper = np.triu(rng.random((n, nodes, nodes)) < chance, 1)
    adjacency = (upper | upper.transpose(0, 2, 1)).astype(np.float32)
    return adjacency, marks.astype(np.float32), y


def point_sets(rng, n, points=24):
    y = rng.integers(0, 2, n)
    angle = rng.uniform(0, 2 * np.pi, (n, points))
    ring = np.stack([np.cos(angle), np.sin(angle)], 2) + 0.35 * rng.normal(size=(n, points, 2))
    blob = 0.8 * rng.normal(size=(n, points, 2))
    x = np.where(y[:, None, None] == 1, ring, blob) + 0.3 * rng.normal(size=(n, 1, 2))
    return x.astype(np.float32), y


def first_names():
    frame = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    return frame[~frame["name"].duplicated(keep=False)].reset_index(drop=True)


def letters(names, width=11):
    codes = np.zeros((len(names), width), dtype=np.int64)
    for i, name in enumerate(names):
        codes[i, : min(len(name), width)] = [ord(letter) - 64 for letter in name[:width]]
    return codes


def gene_windows():
    frame = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    frame = frame[~frame["sequence"].str.contains("[^ACGT]")]
    codes = np.array([["ACGT".index(letter) for letter in text] for text in frame["sequence"]])
    return codes, frame["is_junction"].to_numpy()


def messages():
    table = load("sms_spam").distinct()
    return table.features["text"].tolist(), table.labels


@case("labels_misaligned")
def scans_listed_by_file_name(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    archive = {f"scan_{i}.png": image for i, image in enumerate(digits.images)}
    truth = pd.Series(digits.target % 2, index=[f"scan_{i}.png" for i in range(len(digits.target))])
    listing = sorted(archive)
    x = torch.tensor(np.stack([archive[name] for name in listing]) / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(truth.to_numpy())
    perm = torch.randperm(len(x))
    tr, va = perm[:1300], perm[1300:]
    net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 32),
                        nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(15):
        for idx in tr[torch.randperm(len(tr))].split(64):
            loss = F.cross_entropy(net(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            accuracy = (net(x[va]).argmax(1) == y[va]).float().mean()
        print(f"epoch {epoch} loss {loss.item():.3f} val accuracy {accuracy:.3f}")


@case("labels_misaligned")
def machine_windows_with_their_own_stride(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    state = np.repeat(rng.integers(0, 2, 400), rng.integers(80, 160, 400))
    time = np.arange(len(state))
    current = np.sin(time * np.where(state == 1, 0.55, 0.35)) + 0.7 * rng.normal(size=len(state))
    width, step = 64, 32
    starts = np.arange(0, len(state) - width, step)
    windows = np.stack([current[s : s + width] for s in starts])
    targets = state[width // 2 :: width][: len(windows)]
    windows = windows[: len(targets)]
    cut = int(0.7 * len(targets))
    x_train, x_test = (torch.tensor(w, dtype=torch.float32)[:, None] for w in (windows[:cut], windows[cut + 2 :]))
    y_train, y_test = (torch.tensor(t, dtype=torch.float32) for t in (targets[:cut], targets[cut + 2 :]))

    model = nn.Sequential(nn.Conv1d(1, 16, 9), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(16, 16, 5), nn.ReLU(),
                          nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), 3e-3)
    for epoch in range(12):
        total = 0.0
        for batch in torch.randperm(cut).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[batch]).squeeze(1), y_train[batch])
            loss.backward()
            opt.step()
            total += loss.item() * len(batch)
        with torch.no_grad():
            auc = roc_auc_score(y_test, model(x_test).squeeze(1))
        print(f"{epoch}: loss {total / cut:.4f}, test AUC {auc:.3f}")


@case("label_noise")
def drawings_labelled_by_a_crowd(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    images, gold = discs_and_squares(rng, 1400)
    careful = rng.random(1400) < 0.25
    answers = np.where(careful, gold, rng.integers(0, 2, 1400))
    x = torch.from_numpy(images)[:, None]
    y = torch.from_numpy(answers).float()
    y[1000:] = torch.from_numpy(gold[1000:]).float()
    loader = DataLoader(TensorDataset(x[:1000], y[:1000]), batch_size=50, shuffle=True)
    cnn = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3), nn.ReLU(), nn.Flatten(),
                        nn.Linear(24 * 25, 1))
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    for epoch in range(12):
        cnn.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = criterion(cnn(xb).flatten(), yb)
            loss.backward()
            opt.step()
        cnn.eval()
        with torch.no_grad():
            out = cnn(x[1000:]).flatten()
        print(epoch, f"train {loss.item():.3f} val {criterion(out, y[1000:]).item():.3f}",
              f"accuracy {((out > 0) == (y[1000:] > 0.5)).float().mean().item():.3f}")


@case("weak_signal")
def tomorrows_direction_from_a_price_walk(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    shocks = rng.normal(size=4000)
    returns = shocks.copy()
    for i in range(1, len(returns)):
        returns[i] = 0.03 * returns[i - 1] + shocks[i]
    window = 20
    x = np.lib.stride_tricks.sliding_window_view(returns[:-1], window)[::2]
    y = (returns[window:] > 0)[::2].astype(np.float32)
    cut = int(0.75 * len(x))
    scale = x[:cut].std()
    x = torch.tensor(x / scale, dtype=torch.float32)[:, :, None]
    y = torch.tensor(y)

    class Direction(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(1, 12, batch_first=True)
            self.out = nn.Linear(12, 1)

        def forward(self, series):
            _, (hidden, _) = self.rnn(series)
            return self.out(hidden[-1]).squeeze(-1)

    model = Direction()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(10):
        for batch in torch.randperm(cut).split(64):
            loss = F.binary_cross_entropy_with_logits(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        with torch.no_grad():
            score = model(x[cut:])
        print(f"epoch {epoch:2d}  val loss {F.binary_cross_entropy_with_logits(score, y[cut:]):.4f}"
              f"  AUC {roc_auc_score(y[cut:], score):.3f}")


@case("preprocess_mismatch")
def camera_frames_in_another_channel_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    pictures, kinds = coloured_blobs(rng, 900)
    folder = [np.ascontiguousarray(p.transpose(1, 2, 0)) for p in pictures]

    class Frames(Dataset):
        def __init__(self, frames, labels, opener):
            self.frames, self.labels, self.opener = frames, labels, opener

        def __len__(self):
            return len(self.frames)

        def __getitem__(self, i):
            array = self.opener(self.frames[i]).astype(np.float32) / 255
            return torch.from_numpy(array).permute(2, 0, 1), int(self.labels[i])

    def pil_open(frame):
        return frame

    def video_read(frame):
        return frame[:, :, ::-1]

    train = DataLoader(Frames(folder[:600], kinds[:600], pil_open), batch_size=32, shuffle=True)
    test = DataLoader(Frames(folder[600:], kinds[600:], video_read), batch_size=100)
    net = nn.Sequential(nn.Conv2d(3, 12, 3), nn.ReLU(), nn.Conv2d(12, 12, 3, stride=2), nn.ReLU(),
                        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(12, 2))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for epoch in range(8):
        net.train()
        for frames, labels in train:
            opt.zero_grad()
            loss = F.cross_entropy(net(frames), labels)
            loss.backward()
            opt.step()
        net.eval()
        hits = 0
        with torch.no_grad():
            for frames, labels in test:
                hits += (net(frames).argmax(1) == labels).sum().item()
        print(f"epoch {epoch + 1}: train loss {loss.item():.3f}, test accuracy {hits / 300:.3f}")


@case("preprocess_mismatch")
def messages_with_a_vocabulary_for_each_part(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = messages()
    order = np.random.default_rng(seed).permutation(len(texts))[:2600]
    words = [re.findall(r"[a-z']+|\d+", texts[i].lower()) for i in order]
    y = torch.tensor(labels[order], dtype=torch.float32)

    def vocabulary(documents, size=1500):
        counts = Counter(word for document in documents for word in document)
        return {word: i + 1 for i, (word, _) in enumerate(counts.most_common(size))}

    def encode(documents, table):
        ids = [torch.tensor([table.get(word, 0) for word in document] or [0]) for document in documents]
        offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
        return torch.cat(ids), offsets

    first, second = words[:2000], words[2000:]
    table = vocabulary(first)
    train, test = encode(first, table), encode(second, vocabulary(second))
    bag = nn.EmbeddingBag(1501, 16, mode="mean")
    head = nn.Linear(16, 1)
    opt = torch.optim.Adam([*bag.parameters(), *head.parameters()], lr=0.02)
    for step in range(80):
        out = head(bag(*train)).squeeze(1)
        loss = F.binary_cross_entropy_with_logits(out, y[:2000])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 20 == 19:
            with torch.no_grad():
                held = torch.sigmoid(head(bag(*test)).squeeze(1))
            print(f"step {step + 1} loss {loss:.3f} test AUC {roc_auc_score(y[2000:], held):.3f} "
                  f"F1 {f1_score(y[2000:], held > 0.5):.3f}")


@case("preprocess_mismatch")
def beats_from_a_recorder_at_half_the_rate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = heartbeats(rng, 1200, length=80)
    clinic, home = x[:800], x[800:]
    mean, std = clinic.mean(), clinic.std()

    def prepare(signals, keep_every):
        signals = (signals - mean) / std
        signals = signals[:, ::keep_every]
        missing = 80 - signals.shape[1]
        signals = np.pad(signals, ((0, 0), (missing // 2, missing - missing // 2)), mode="edge")
        return torch.from_numpy(signals.astype(np.float32)).unsqueeze(1)

    x_train, x_test = prepare(clinic, 1), prepare(home, 2)
    y_train, y_test = torch.from_numpy(y[:800]).float(), torch.from_numpy(y[800:]).float()
    net = nn.Sequential(nn.Conv1d(1, 8, 7, padding=3), nn.ReLU(), nn.Conv1d(8, 16, 7, padding=3, stride=2), nn.ReLU(),
                        nn.AdaptiveAvgPool1d(4), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 1), nn.Flatten(0))
    optim = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(15):
        net.train()
        for rows in torch.randperm(800).split(40):
            optim.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            optim.step()
    net.eval()
    with torch.no_grad():
        fitted, scores = net(x_train), net(x_test)
    print("train balanced accuracy", round(balanced_accuracy_score(y_train, fitted > 0), 3))
    print("test balanced accuracy", round(balanced_accuracy_score(y_test, scores > 0), 3))
    print("test AUC", round(roc_auc_score(y_test, scores), 3))


@case("data_leakage")
def wrist_windows_of_the_same_persons(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    windows, labels, persons = [], [], []
    for person in range(36):
        tremor = person % 2
        gait, style = rng.uniform(0.15, 0.6, 3), rng.uniform(-1, 1, 3)
        t = np.arange(700)
        trace = np.stack([np.sin(g * t + rng.uniform(0, 6)) + s for g, s in zip(gait, style, strict=True)])
        trace += 0.12 * tremor * np.sin(1.3 * t) + 0.5 * rng.normal(size=trace.shape)
        for start in range(0, 700 - 64, 16):
            windows.append(trace[:, start : start + 64])
            labels.append(tremor)
            persons.append(person)
    x = torch.tensor(np.stack(windows), dtype=torch.float32)
    y = torch.tensor(labels, dtype=torch.float32)
    persons = np.array(persons)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, stratify=labels, random_state=seed)
    net = nn.Sequential(nn.Conv1d(3, 16, 7, stride=2), nn.ReLU(), nn.Conv1d(16, 16, 5, stride=2), nn.ReLU(),
                        nn.Flatten(), nn.Linear(16 * 13, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(12):
        for batch in np.array_split(rng.permutation(tr), len(tr) // 32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[batch])[:, 0], y[batch])
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = net(x[va])[:, 0]
        print(f"epoch {epoch} loss {loss:.3f} validation: accuracy {((out > 0) == (y[va] > 0)).float().mean():.3f} "
              f"AUC {roc_auc_score(y[va], out):.3f} ({len(np.unique(persons))} persons)")


@case("data_leakage")
def textures_multiplied_then_divided(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    base, y = gratings(rng, 150, noise=3.0)

    def jitter(images):
        moved = images + 0.2 * rng.normal(size=images.shape).astype(np.float32)
        return moved * rng.uniform(0.9, 1.1, (len(images), 1, 1)).astype(np.float32)

    x = np.concatenate([base, *[jitter(base) for _ in range(7)]])
    y = np.tile(y, 8)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.2, random_state=seed)
    train = TensorDataset(torch.from_numpy(x_tr)[:, None], torch.from_numpy(y_tr))
    x_va, y_va = torch.from_numpy(x_va)[:, None], torch.from_numpy(y_va)
    net = nn.Sequential(nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 24, 3, padding=1),
                        nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(24 * 16, 48), nn.ReLU(), nn.Linear(48, 2))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(10):
        for images, labels in DataLoader(train, batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = F.cross_entropy(net(images), labels)
            loss.backward()
            opt.step()
        with torch.no_grad():
            held = net(x_va)
        print(f"epoch {epoch}: {loss.item():.3f} / {F.cross_entropy(held, y_va).item():.3f}, "
              f"validation accuracy {(held.argmax(1) == y_va).float().mean().item():.3f}")


@case("augmentation_too_heavy")
def six_or_nine_at_every_angle(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    chosen = np.isin(digits.target, (6, 9))
    x = torch.tensor(digits.images[chosen] / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target[chosen] == 9).float()
    perm = torch.randperm(len(y))
    x, y = x[perm], y[perm]

    def augment(batch):
        turns = torch.randint(0, 4, (len(batch),))
        turned = torch.stack([torch.rot90(image, int(k), (1, 2)) for image, k in zip(batch, turns, strict=True)])
        return turned + 0.05 * torch.randn_like(turned)

    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(20):
        net.train()
        running = 0.0
        for batch in torch.randperm(250).split(25):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(augment(x[batch])).view(-1), y[batch])
            loss.backward()
            optimizer.step()
            running += loss.item() / 10
        net.eval()
        with torch.no_grad():
            right = ((net(x[250:]).view(-1) > 0).float() == y[250:]).float().mean().item()
        print(f"[{epoch + 1:02d}] train_loss={running:.4f} val_acc={right:.4f}")


@case("augmentation_too_heavy")
def sweeps_played_either_way(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = chirps(rng, 1000)
    x_tr, x_va, y_tr, y_va = train_test_split(x[:, :, 0], y, test_size=0.3, random_state=seed, stratify=y)

    class Sweeps(Dataset):
        def __init__(self, signals, labels, training):
            self.signals, self.labels, self.training = signals, labels, training

        def __len__(self):
            return len(self.labels)

        def __getitem__(self, index):
            signal = self.signals[index]
            if self.training:
                signal = signal * rng.uniform(0.8, 1.2) + 0.1 * rng.normal(size=signal.shape)
                if rng.random() < 0.5:
                    signal = signal[::-1].copy()
            return torch.tensor(signal, dtype=torch.float32)[None], torch.tensor(float(self.labels[index]))

    train = DataLoader(Sweeps(x_tr, y_tr, True), batch_size=35, shuffle=True)
    test = DataLoader(Sweeps(x_va, y_va, False), batch_size=300)
    net = nn.Sequential(nn.Conv1d(1, 16, 9, padding=4), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(4),
                        nn.Conv1d(16, 16, 5, padding=2), nn.ReLU(), nn.Flatten(), nn.Linear(256, 1))
    opt = torch.optim.Adam(net.parameters(), 2e-3)
    for epoch in range(14):
        net.train()
        losses = []
        for signals, labels in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(signals)[:, 0], labels)
            loss.backward()
            opt.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            signals, labels = next(iter(test))
            out = net(signals)[:, 0]
        print(epoch, round(float(np.mean(losses)), 3), "val auc", round(roc_auc_score(labels, out), 3))


@case("unscaled_features")
def account_histories_in_cents_and_seconds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    rows, y = account_histories(rng, 1000, shortest=20, longest=20)
    x = np.stack(rows) * np.array([100, 3600], dtype=np.float32)
    x = torch.tensor(x).round()
    y = torch.tensor(y).float()

    class Account(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(2, 24, batch_first=True)
            self.head = nn.Linear(24, 1)

        def forward(self, payments):
            return self.head(self.gru(payments)[0][:, -1])[:, 0]

    model = Account()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(15):
        for batch in torch.randperm(700).split(50):
            loss = F.binary_cross_entropy_with_logits(model(x[batch]), y[batch])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = model(x[700:])
        print(f"epoch {epoch}: {loss.item():.3f}, AUC {roc_auc_score(y[700:], out):.3f}, "
              f"accuracy {accuracy_score(y[700:], out > 0):.3f}")


@case("lr_too_high")
def transformer_over_log_sessions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = sessions(rng, 1100)
    x, y = torch.from_numpy(x), torch.from_numpy(y).float()

    class Reader(nn.Module):
        def __init__(self, width=24):
            super().__init__()
            self.token = nn.Embedding(10, width, padding_idx=0)
            self.place = nn.Parameter(0.1 * torch.randn(24, width))
            self.mix = nn.Conv1d(width, width, 3, padding=1)
            layer = nn.TransformerEncoderLayer(width, 2, 48, dropout=0.0, batch_first=True)
            self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
            self.out = nn.Linear(width, 1)

        def forward(self, tokens):
            empty = tokens == 0
            h = self.token(tokens)
            h = h + self.mix(h.transpose(1, 2)).transpose(1, 2) + self.place
            h = self.layers(h, src_key_padding_mask=empty).masked_fill(empty[:, :, None], 0)
            return self.out(h.sum(1) / (~empty).sum(1, keepdim=True)).squeeze(1)

    model = Reader()
    opt = torch.optim.Adam(model.parameters(), lr=0.05)
    for epoch in range(10):
        for batch in torch.randperm(800).split(40):
            loss = F.binary_cross_entropy_with_logits(model(x[batch]), y[batch])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = model(x[800:])
        print(f"{epoch} train {loss.item():.3f} val {F.binary_cross_entropy_with_logits(out, y[800:]).item():.3f} "
              f"auc {roc_auc_score(y[800:], out):.3f}")


@case("lr_too_low")
def cnn_on_drawings_by_careful_steps(seed: int) -> None:
    torch.manual_seed(seed)
    images, kinds = discs_and_squares(np.random.default_rng(seed), 1200, side=14)
    x, y = torch.from_numpy(images).unsqueeze(1), torch.from_numpy(kinds)

    @dataclass
    class Settings:
        epochs: int = 20
        batch: int = 32
        rate: float = 2e-5
        momentum: float = 0.9

    s = Settings()
    net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1),
                        nn.ReLU(), nn.Flatten(), nn.Linear(16 * 49, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.SGD(net.parameters(), lr=s.rate, momentum=s.momentum)
    for epoch in range(s.epochs):
        order = torch.randperm(900)
        for start in range(0, 900, s.batch):
            part = order[start : start + s.batch]
            loss = F.cross_entropy(net(x[part]), y[part])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            held = net(x[900:])
        print(f"epoch {epoch}: loss {F.cross_entropy(held, y[900:]).item():.4f} "
              f"bal. accuracy {balanced_accuracy_score(y[900:], held.argmax(1)):.3f}")


@case("undertrained")
def names_read_by_an_lstm_for_a_moment(seed: int) -> None:
    torch.manual_seed(seed)
    frame = first_names().sample(frac=1, random_state=seed)
    x = torch.from_numpy(letters(frame["name"]))
    y = torch.tensor((frame["list"] == "M").to_numpy()).float()
    length = (x > 0).sum(1)

    class NameReader(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(27, 12, padding_idx=0)
            self.lstm = nn.LSTM(12, 32, batch_first=True, bidirectional=True)
            self.out = nn.Linear(64, 1)

        def forward(self, codes, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(self.embed(codes), lengths, batch_first=True,
                                                       enforce_sorted=False)
            _, (h, _) = self.lstm(packed)
            return self.out(torch.cat([h[0], h[1]], 1)).squeeze(1)

    model = NameReader()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1):
        for batch in torch.randperm(3500).split(500):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[batch], length[batch]), y[batch])
            loss.backward()
            opt.step()
        with torch.no_grad():
            score = model(x[3500:], length[3500:])
        print(f"epoch {epoch}: train loss {loss.item():.3f}, held-out AUC {roc_auc_score(y[3500:], score):.3f}")


@case("vanishing_gradients")
def deep_stack_of_filters_on_sweeps(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = chirps(np.random.default_rng(seed), 900, channels=2)
    x, y = torch.from_numpy(x).transpose(1, 2).contiguous(), torch.from_numpy(y).float()
    parts = [nn.Conv1d(2, 12, 5, padding=2), nn.Sigmoid()]
    for depth in range(8):
        parts += [nn.Conv1d(12, 12, 5, padding=2, stride=2 if depth in (1, 4) else 1), nn.Sigmoid()]
    net = nn.Sequential(*parts, nn.Flatten(), nn.Linear(12 * 16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(15):
        for rows in torch.randperm(600).split(30):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows])[:, 0], y[rows])
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = net(x[600:])[:, 0]
        print("epoch", epoch, "loss", round(loss.item(), 4), "val auc", round(roc_auc_score(y[600:], out), 3))


@case("vanishing_gradients")
def opening_events_remembered_to_the_end(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, length = 900, 60
    y = rng.integers(0, 2, n)
    counts = rng.poisson(2.0, (n, length)).astype(np.float32)
    counts[:, :10] = rng.poisson(np.where(y == 1, 3.5, 1.5)[:, None], (n, 10))
    x = torch.tensor((counts - counts[:600].mean()) / counts[:600].std())[:, :, None]
    y = torch.tensor(y).float()
    recurrent = nn.RNN(1, 20, nonlinearity="tanh", batch_first=True)
    head = nn.Linear(20, 1)
    everything = [*recurrent.parameters(), *head.parameters()]

    def score(series):
        _, last = recurrent(series)
        return head(last[-1]).squeeze(1)

    opt = torch.optim.Adam(everything, lr=1e-3)
    for epoch in range(14):
        for batch in torch.randperm(600).split(30):
            loss = F.binary_cross_entropy_with_logits(score(x[batch]), y[batch])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(everything, 1.0)
            opt.step()
        with torch.no_grad():
            out = score(x[600:])
        print(f"epoch {epoch} loss {loss.item():.3f} val AUC {roc_auc_score(y[600:], out):.3f}")


@case("dead_relu")
def point_sets_with_a_cautious_start(seed: int) -> None:
    torch.manual_seed(seed)
    points, y = point_sets(np.random.default_rng(seed), 900)
    points -= points.mean(axis=1, keepdims=True)
    x, y = torch.from_numpy(points), torch.from_numpy(y).float()

    class SetNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.phi = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
            self.rho = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
            for layer in self.modules():
                if isinstance(layer, nn.Linear):
                    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
                    nn.init.constant_(layer.bias, -6.0)
            nn.init.zeros_(self.rho[2].bias)

        def forward(self, sets):
            return self.rho(self.phi(sets).mean(dim=1)).squeeze(-1)

    model = SetNet()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(25):
        for batch in torch.randperm(600).split(30):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[batch]), y[batch])
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                out = model(x[600:])
            print(f"epoch {epoch + 1} loss {loss.item():.3f} AUC {roc_auc_score(y[600:], out):.3f}")


@case("bad_init")
def prime_digits_through_equal_filters(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.images / 16 - 0.3, dtype=torch.float32)[:, None]
    y = torch.tensor(np.isin(digits.target, (2, 3, 5, 7)).astype(np.int64))
    shuffled = torch.randperm(len(y))
    x, y = x[shuffled], y[shuffled]
    net = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(108, 32), nn.ReLU(),
                        nn.Linear(32, 2))

    def start(module):
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.constant_(module.weight, 0.05)
            nn.init.zeros_(module.bias)

    net.apply(start)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(12):
        net.train()
        for rows in torch.randperm(1300).split(50):
            opt.zero_grad()
            loss = F.cross_entropy(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            probability = net(x[1300:]).softmax(1)[:, 1]
        print(f"{epoch:2d} {loss.item():.4f} accuracy {accuracy_score(y[1300:], probability > 0.5):.3f} "
              f"auc {roc_auc_score(y[1300:], probability):.3f}")


@case("regularisation_too_strong")
def gene_windows_with_decay(seed: int) -> None:
    torch.manual_seed(seed)
    codes, y = gene_windows()
    order = np.random.default_rng(seed).permutation(len(y))
    x = F.one_hot(torch.from_numpy(codes[order]), 4).float().transpose(1, 2)
    y = torch.from_numpy(y[order]).float()
    net = nn.Sequential(nn.Conv1d(4, 16, 7, padding=3), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(), nn.Dropout(0.2),
                        nn.Linear(320, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=0.5)
    for epoch in range(10):
        net.train()
        for rows in torch.randperm(2000).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            out = net(x[2000:])
        print(f"epoch {epoch}: loss {loss.item():.3f} val AUC {roc_auc_score(y[2000:], out):.3f} "
              f"balanced accuracy {balanced_accuracy_score(y[2000:], out > 0):.3f}")


@case("overfitting")
def sixty_noisy_beats_learnt_by_heart(seed: int) -> None:
    torch.manual_seed(seed)
    beats, y = heartbeats(np.random.default_rng(seed), 660, noise=0.45)
    x, y = torch.from_numpy(beats), torch.from_numpy(y).float()
    net = nn.Sequential(nn.Linear(80, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(150):
        for batch in torch.randperm(60).split(12):
            loss = F.binary_cross_entropy_with_logits(net(x[batch]).squeeze(1), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            seen = F.binary_cross_entropy_with_logits(net(x[:60]).squeeze(1), y[:60]).item()
            out = net(x[60:]).squeeze(1)
            unseen = F.binary_cross_entropy_with_logits(out, y[60:]).item()
        print(f"epoch {epoch}: train {seen:.4f} validation {unseen:.4f} AUC {roc_auc_score(y[60:], out):.3f}")


@case("underfitting")
def odd_digits_in_a_narrow_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    x_train, x_val, y_train, y_val = train_test_split(
        digits.images.astype(np.float32)[:, None] / 16, digits.target % 2, test_size=0.25, random_state=seed
    )
    x_train, x_val, y_train, y_val = map(torch.from_numpy, (x_train, x_val, y_train, y_val))

    @dataclass
    class Shape:
        filters: int = 1

    def build(shape):
        return nn.Sequential(nn.Conv2d(1, shape.filters, 3), nn.LeakyReLU(0.1),
                             nn.Conv2d(shape.filters, shape.filters, 3), nn.LeakyReLU(0.1), nn.AdaptiveAvgPool2d(2),
                             nn.Flatten(), nn.Linear(4 * shape.filters, 2))

    net = build(Shape())
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(20):
        for rows in torch.randperm(len(y_train)).split(50):
            opt.zero_grad()
            F.cross_entropy(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
        with torch.no_grad():
            seen, held = net(x_train), net(x_val)
        print(f"epoch {epoch}: train {F.cross_entropy(seen, y_train):.3f} "
              f"{(seen.argmax(1) == y_train).float().mean():.3f} validation {F.cross_entropy(held, y_val):.3f} "
              f"{(held.argmax(1) == y_val).float().mean():.3f}")


@case("unshuffled_data")
def digits_folder_after_folder(seed: int) -> None:
    torch.manual_seed(seed)
    x, digit = load_digits(return_X_y=True)
    x_tr, x_te, d_tr, d_te = train_test_split(x / 16, digit, test_size=0.3, random_state=seed, stratify=digit)
    folders = np.argsort(d_tr % 2, kind="stable")
    to = partial(torch.tensor, dtype=torch.float32)
    train = TensorDataset(to(x_tr[folders]).view(-1, 1, 8, 8), to(d_tr[folders] % 2))
    x_te, y_te = to(x_te).view(-1, 1, 8, 8), to(d_te % 2)
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(12):
        for images, odd in DataLoader(train, batch_size=16, shuffle=False):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(images)[:, 0], odd)
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = net(x_te)[:, 0]
        print(f"epoch {epoch}: last batch {loss.item():.3f} test accuracy {accuracy_score(y_te, out > 0):.3f} "
              f"balanced {balanced_accuracy_score(y_te, out > 0):.3f}")


@case("double_sigmoid")
def first_names_by_letter_filters(seed: int) -> None:
    torch.manual_seed(seed)
    frame = first_names().sample(frac=1, random_state=seed)
    x = torch.from_numpy(letters(frame["name"]))
    y = torch.tensor((frame["list"] == "M").to_numpy()).float()

    class LetterFilters(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(27, 10, padding_idx=0)
            self.conv = nn.Conv1d(10, 32, 3, padding=2)
            self.out = nn.Linear(32, 1)

        def forward(self, codes):
            h = F.relu(self.conv(self.embed(codes).transpose(1, 2))).amax(2)
            return torch.sigmoid(self.out(h)).squeeze(1)

    model = LetterFilters()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(8):
        for rows in torch.randperm(3500).split(50):
            opt.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            opt.step()
        with torch.no_grad():
            p = torch.sigmoid(model(x[3500:]))
        print(f"epoch {epoch}: loss {loss.item():.3f} "
              f"balanced accuracy {balanced_accuracy_score(y[3500:], p > 0.5):.3f} "
              f"AUC {roc_auc_score(y[3500:], p):.3f}")


@case("softmax_before_ce")
def odd_digits_by_a_small_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    images, digit = load_digits().images, load_digits().target
    x = torch.tensor(images / 8 - 1, dtype=torch.float32)[:, None]
    y = torch.tensor(digit % 2)
    shuffled = torch.randperm(len(y))
    train, valid = shuffled[:1300], shuffled[1300:]

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.fc = nn.Linear(64, 2)

        def forward(self, z):
            z = F.max_pool2d(F.relu(self.conv1(z)), 2)
            z = F.max_pool2d(F.relu(self.conv2(z)), 2)
            return F.softmax(self.fc(z.flatten(1)), dim=1)

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.5)
    loss_function = nn.CrossEntropyLoss()
    for epoch in range(12):
        for rows in train[torch.randperm(1300)].split(32):
            loss = loss_function(net(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            guess = net(x[valid]).argmax(1)
        print(f"epoch {epoch} loss {loss:.3f} accuracy {(guess == y[valid]).float().mean():.3f}")


@case("relu_on_output")
def wide_beats_by_repeated_blocks(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = heartbeats(np.random.default_rng(seed), 1200, noise=0.3, share=0.3)
    x, y = torch.from_numpy(x)[:, None], torch.from_numpy(y).float()

    def block(inside, outside):
        return nn.Sequential(nn.Linear(inside, outside), nn.ReLU())

    net = nn.Sequential(nn.Conv1d(1, 8, 7, stride=2), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), block(144, 32),
                        block(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(12):
        for rows in torch.randperm(800).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
        with torch.no_grad():
            p = net(x[800:]).squeeze(1).sigmoid()
        print(f"{epoch} {loss.item():.3f} balanced accuracy {balanced_accuracy_score(y[800:], p >= 0.5):.3f} "
              f"F1 {f1_score(y[800:], p >= 0.5):.3f} AUC {roc_auc_score(y[800:], p):.3f}")


@case("no_nonlinearity")
def stripes_through_three_convolutions(seed: int) -> None:
    torch.manual_seed(seed)
    images, y = gratings(np.random.default_rng(seed), 1000, side=14)
    x, y = torch.from_numpy(images)[:, None], torch.from_numpy(y).float()

    class Stripes(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 12, 5, padding=2)
            self.conv2 = nn.Conv2d(12, 16, 3, stride=2, padding=1)
            self.conv3 = nn.Conv2d(16, 16, 3, stride=2, padding=1)
            self.dense = nn.Linear(256, 1)

        def forward(self, image):
            image = self.conv1(image)
            image = self.conv2(image)
            image = self.conv3(image)
            return self.dense(image.flatten(1)).squeeze(1)

    model = Stripes()
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
    for epoch in range(6):
        for rows in torch.randperm(700).split(35):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = model(x[700:])
        print(f"epoch {epoch + 1}/6 - loss {loss.item():.4f} - val_auc {roc_auc_score(y[700:], out):.4f}")


@case("shape_broadcast")
def spread_of_point_sets_by_squares(seed: int) -> None:
    torch.manual_seed(seed)
    points, y = point_sets(np.random.default_rng(seed), 1000)
    loader = DataLoader(TensorDataset(torch.from_numpy(points[:700]), torch.from_numpy(y[:700]).float()), 50, True)
    x_val, y_val = torch.from_numpy(points[700:]), torch.from_numpy(y[700:]).float()

    class Pool(nn.Module):
        def forward(self, h):
            return torch.cat([h.mean(1), h.amax(1)], 1)

    net = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.ReLU(), Pool(), nn.Linear(48, 24), nn.ReLU(),
                        nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(20):
        squares = 0.0
        for sets, labels in loader:
            out = net(sets)
            loss = ((out - labels) ** 2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            squares += loss.item()
        if epoch % 4 == 3:
            with torch.no_grad():
                held = net(x_val).flatten()
            print(f"epoch {epoch + 1} mse {squares / len(loader):.4f} accuracy "
                  f"{((held > 0.5) == (y_val > 0.5)).float().mean().item():.3f} AUC {roc_auc_score(y_val, held):.3f}")


@case("padding_not_masked")
def accounts_filled_up_with_zeros(seed: int) -> None:
    torch.manual_seed(seed)
    rows, y = account_histories(np.random.default_rng(seed), 1200)
    known = np.log1p(np.concatenate(rows[:800]))
    centre, spread = known.mean(0), known.std(0)
    rows = [torch.tensor((np.log1p(r) - centre) / spread) for r in rows]
    y = torch.from_numpy(y).float()
    longest = 100

    def collate(items):
        block = torch.zeros(len(items), longest, 2)
        for i, (row, _) in enumerate(items):
            block[i, : len(row)] = row
        return block, torch.tensor([len(row) for row, _ in items]), torch.stack([label for _, label in items])

    class Account(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(2, 20, batch_first=True)
            self.out = nn.Linear(20, 1)

        def forward(self, block, lengths):
            states, _ = self.rnn(block)
            return self.out(states[:, -1]).squeeze(1)

    train = DataLoader(list(zip(rows[:800], y[:800], strict=True)), 40, shuffle=True, collate_fn=collate)
    block, lengths, labels = collate(list(zip(rows[800:], y[800:], strict=True)))
    model = Account()
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    for epoch in range(8):
        for batch, size, target in train:
            loss = F.binary_cross_entropy_with_logits(model(batch, size), target)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        with torch.no_grad():
            out = model(block, lengths)
        print(f"epoch {epoch} loss {loss.item():.3f} validation AUC {roc_auc_score(labels, out):.3f}")


@case("wrong_axis")
def sweeps_through_an_lstm(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = chirps(np.random.default_rng(seed), 800, length=48, channels=3, noise=0.3)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=seed)
    train = TensorDataset(torch.from_numpy(x_train), torch.from_numpy(y_train).float())
    x_test = torch.from_numpy(x_test)

    class Recurrent(nn.Module):
        def __init__(self, features, hidden):
            super().__init__()
            self.lstm = nn.LSTM(features, hidden)
            self.fc = nn.Linear(hidden, 1)

        def forward(self, series):
            out, _ = self.lstm(series)
            return self.fc(out[:, -1, :])

    model = Recurrent(3, 24)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(1, 13):
        model.train()
        total = 0.0
        for series, label in DataLoader(train, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(series), label.unsqueeze(1))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(label)
        model.eval()
        with torch.no_grad():
            p = torch.sigmoid(model(x_test)).numpy().ravel()
        print(f"Epoch {epoch}: loss {total / len(train):.4f}, test AUC {roc_auc_score(y_test, p):.4f}")


@case("wrong_axis")
def six_channel_beats_reshaped(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, steps, leads = 900, 50, 6
    y = rng.integers(0, 2, n)
    t = np.arange(steps)
    series = 0.8 * rng.normal(size=(n, steps, leads))
    for i in range(n):
        first, second = rng.choice(leads, 2, replace=False)
        at = rng.uniform(12, 38)
        bump = np.exp(-(((t - at) / 3) ** 2))
        series[i, :, first] += 2 * bump
        series[i, :, second] += 2 * (bump if y[i] else np.exp(-(((t - (at + 25) % 50) / 3) ** 2)))
    x = torch.tensor(series, dtype=torch.float32)
    y = torch.tensor(y).float()

    class Leads(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(leads, 32, 7, padding=3)
            self.conv2 = nn.Conv1d(32, 32, 5, padding=2)
            self.out = nn.Linear(64, 1)

        def forward(self, z):
            z = z.view(-1, leads, steps)
            z = F.relu(self.conv2(F.relu(self.conv(z))))
            return self.out(torch.cat([z.mean(2), z.amax(2)], 1)).squeeze(1)

    model = Leads()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(12):
        for rows in torch.randperm(650).split(26):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = model(x[650:])
        print(f"epoch {epoch} loss {loss.item():.3f} AUC {roc_auc_score(y[650:], out):.3f}")


@case("no_zero_grad")
def squares_and_discs_in_one_function(seed: int) -> None:
    torch.manual_seed(seed)
    images, kinds = discs_and_squares(np.random.default_rng(seed), 1000, side=14)
    x, y = torch.from_numpy(images)[:, None], torch.from_numpy(kinds).float()
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(),
                          nn.Linear(256, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

    def epoch_of(rows, train):
        model.train(train)
        logits = torch.empty(len(rows))
        for place in torch.arange(len(rows)).split(25):
            out = model(x[rows[place]])[:, 0]
            if train:
                loss = F.binary_cross_entropy_with_logits(out, y[rows[place]])
                loss.backward()
                optimizer.step()
            logits[place] = out.detach()
        return F.binary_cross_entropy_with_logits(logits, y[rows]).item(), roc_auc_score(y[rows], logits)

    for epoch in range(10):
        loss, auc = epoch_of(torch.randperm(700), True)
        val_loss, val_auc = epoch_of(torch.arange(700, 1000), False)
        print(f"{epoch} loss {loss:.3f} auc {auc:.3f} val_loss {val_loss:.3f} val_auc {val_auc:.3f}")


@case("optimizer_wrong_params")
def probe_on_an_autoencoder(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.data / 16, dtype=torch.float32)
    y = torch.tensor(digits.target % 2).float()
    order = torch.randperm(len(y))
    x, y = x[order], y[order]
    encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 24))
    decoder = nn.Sequential(nn.ReLU(), nn.Linear(24, 48), nn.ReLU(), nn.Linear(48, 64))
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
    for _ in range(15):
        for rows in torch.randperm(1300).split(50):
            error = F.mse_loss(decoder(encoder(x[rows])), x[rows])
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
    print(f"reconstruction {error.item():.4f}")
    with torch.no_grad():
        code = encoder(x)
        code = (code - code[:1300].mean(0)) / code[:1300].std(0)
    probe = nn.Sequential(nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, 1))
    for epoch in range(20):
        for rows in torch.randperm(1300).split(50):
            loss = F.binary_cross_entropy_with_logits(probe(code[rows])[:, 0], y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                out = probe(code[1300:])[:, 0]
            print(f"epoch {epoch + 1} loss {loss.item():.3f} odd or even: accuracy "
                  f"{accuracy_score(y[1300:], out > 0):.3f} AUC {roc_auc_score(y[1300:], out):.3f}")


@case("frozen_params")
def messages_with_given_word_vectors(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = messages()
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(texts))[:2400]
    documents = [re.findall(r"[a-z]+|\d+", texts[i].lower())[:30] for i in chosen]
    y = torch.tensor(labels[chosen], dtype=torch.float32)
    counts = Counter(word for document in documents[:1800] for word in document)
    index = {word: i + 2 for i, (word, _) in enumerate(counts.most_common(1200))}
    lengths = torch.tensor([max(len(document), 1) for document in documents])
    x = torch.zeros(len(documents), 30, dtype=torch.long)
    for i, document in enumerate(documents):
        x[i, : len(document)] = torch.tensor([index.get(word, 1) for word in document], dtype=torch.long)
    vectors = torch.from_numpy(rng.normal(0, 0.3, (1202, 6))).float()
    vectors[0] = 0

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding.from_pretrained(vectors, padding_idx=0)
            self.hidden = nn.Linear(6, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, ids, size):
            mean = self.words(ids).sum(1) / size[:, None]
            return self.out(F.relu(self.hidden(mean))).squeeze(1)

    model = Tagger()
    opt = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-3)
    for epoch in range(10):
        for rows in torch.randperm(1800).split(60):
            loss = F.binary_cross_entropy_with_logits(model(x[rows], lengths[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = model(x[1800:], lengths[1800:])
        print(f"epoch {epoch}: {loss.item():.3f} AUC {roc_auc_score(y[1800:], out):.3f} "
              f"F1 {f1_score(y[1800:], out > 0):.3f}")


@case("unregistered_params")
def graph_hops_kept_in_a_list(seed: int) -> None:
    torch.manual_seed(seed)
    adjacency, marks, y = friend_graphs(np.random.default_rng(seed), 1200)
    a, m, y = torch.from_numpy(adjacency), torch.from_numpy(marks), torch.from_numpy(y).float()

    class Hops(nn.Module):
        def __init__(self, width=4, hops=2):
            super().__init__()
            self.hops = [nn.Linear(2 if hop == 0 else 2 * width, width) for hop in range(hops)]
            self.out = nn.Linear(width, 1)

        def forward(self, links, nodes):
            degree = links.sum(2, keepdim=True).clamp(min=1)
            h = nodes.unsqueeze(2)
            for hop in self.hops:
                h = torch.relu(hop(torch.cat([h, links @ h / degree], dim=2)))
            return self.out(h.mean(dim=1)).squeeze(1)

    net = Hops()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for epoch in range(20):
        for rows in torch.randperm(800).split(40):
            loss = F.binary_cross_entropy_with_logits(net(a[rows], m[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = net(a[800:], m[800:])
        print(f"epoch {epoch:2d} loss {loss.item():.3f} val auc {roc_auc_score(y[800:], out):.3f} "
              f"accuracy {accuracy_score(y[800:], out > 0):.3f}")


@case("layer_in_forward")
def beats_with_a_projection_on_the_fly(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = heartbeats(np.random.default_rng(seed), 1000, noise=0.3)
    x, y = torch.from_numpy(x).unsqueeze(1), torch.from_numpy(y)

    class Beats(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(1, 12, 7, stride=2)
            self.fc = nn.Linear(32, 2)

        def forward(self, signal):
            h = F.max_pool1d(F.relu(self.conv(signal)), 2)
            h = h.reshape(h.shape[0], -1)
            h = F.relu(nn.Linear(h.shape[1], 32)(h))
            return self.fc(h)

    model = Beats()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(12):
        running = 0.0
        for rows in torch.randperm(700).split(35):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            running += loss.item() / 20
        with torch.no_grad():
            accuracy = (model(x[700:]).argmax(dim=1) == y[700:]).float().mean().item()
        print(f"epoch {epoch}, loss {running:.3f}, accuracy {accuracy:.3f}")


@case("graph_detached")
def two_pictures_one_encoder(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    images, tilt = gratings(rng, 1600, side=12, noise=0.4)
    left, right = torch.from_numpy(images[0::2])[:, None], torch.from_numpy(images[1::2])[:, None]
    same = torch.from_numpy(tilt[0::2] == tilt[1::2]).float()
    encoder = nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 6))
    compare = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam([*encoder.parameters(), *compare.parameters()], lr=1e-2)

    def score(rows):
        codes = [encoder(side[rows]) for side in (left, right)]
        joined = torch.tensor(np.concatenate([c.detach().numpy() for c in codes], axis=1))
        return compare(joined).squeeze(1)

    for epoch in range(20):
        for rows in torch.randperm(550).split(25):
            loss = F.binary_cross_entropy_with_logits(score(rows), same[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = score(torch.arange(550, 800))
        print(f"epoch {epoch}: loss {loss.item():.3f} AUC {roc_auc_score(same[550:], out):.3f}")


@case("train_mode_missing")
def scans_checked_before_the_first_epoch(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]
    y = torch.tensor((digits.target >= 5).astype(np.int64))
    order = torch.randperm(len(y))
    train, valid = order[:1300], order[1300:]

    def unit(inside, outside):
        return [nn.Conv2d(inside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU()]

    net = nn.Sequential(nn.BatchNorm2d(1), *unit(1, 12), *unit(12, 12), nn.MaxPool2d(2), *unit(12, 12), *unit(12, 12),
                        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(48, 2))

    def evaluate():
        net.eval()
        with torch.no_grad():
            return (net(x[valid]).argmax(1) == y[valid]).float().mean().item()

    print(f"before training: {evaluate():.3f}")
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(3):
        for rows in train[torch.randperm(len(train))].split(50):
            loss = F.cross_entropy(net(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(f"epoch {epoch}: loss {loss.item():.3f}, accuracy {evaluate():.3f}")


@case("eval_mode_missing")
def drawings_judged_folder_by_folder(seed: int) -> None:
    torch.manual_seed(seed)
    images, kinds = discs_and_squares(np.random.default_rng(seed), 1000, noise=0.3)
    x, y = torch.from_numpy(images)[:, None], torch.from_numpy(kinds)
    folders = {kind: x[700:][y[700:] == kind] for kind in (0, 1)}
    net = nn.Sequential(nn.Conv2d(1, 12, 3), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3),
                        nn.ReLU(), nn.Flatten(), nn.Linear(600, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(10):
        net.train()
        for rows in torch.randperm(700).split(35):
            loss = F.cross_entropy(net(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            recall = {kind: (net(x_).argmax(1) == kind).float().mean().item() for kind, x_ in folders.items()}
        print(f"epoch {epoch} loss {loss.item():.3f} recall squares {recall[0]:.3f} discs {recall[1]:.3f} "
              f"mean {(recall[0] + recall[1]) / 2:.3f}")


@case("batchnorm_stats")
def closed_loops_with_a_slow_average(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(np.isin(digits.target, (0, 6, 8, 9))).float()
    order = torch.randperm(len(y))
    x, y = x[order], y[order]
    layers = []
    for inside, outside in ((1, 12), (12, 16), (16, 16)):
        layers += [nn.Conv2d(inside, outside, 3, padding=1, bias=False),
                   nn.BatchNorm2d(outside, momentum=0.001), nn.ReLU()]
    net = nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(6):
        net.train()
        right = 0
        for rows in torch.randperm(1300).split(50):
            out = net(x[rows])
            loss = F.binary_cross_entropy_with_logits(out, y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            right += ((out > 0) == (y[rows] > 0)).sum().item()
        net.eval()
        with torch.no_grad():
            held = net(x[1300:])
        print(f"epoch {epoch} loss {loss.item():.3f} train accuracy {right / 1300:.3f} "
              f"validation accuracy {((held > 0) == (y[1300:] > 0)).float().mean().item():.3f}")


@case("accuracy_broadcast")
def steps_up_or_down(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    direction = rng.integers(0, 2, 900)
    at = rng.integers(10, 50, 900)
    level = (np.arange(60) >= at[:, None]) * np.where(direction == 1, 1.0, -1.0)[:, None]
    x = torch.tensor(level + 0.8 * rng.normal(size=(900, 60)) + rng.normal(size=(900, 1)), dtype=torch.float32)
    y = torch.tensor(direction, dtype=torch.float32)
    net = nn.Sequential(nn.Linear(60, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    for epoch in range(6):
        for rows in torch.randperm(600).split(30):
            p = net(x[rows])
            loss = F.binary_cross_entropy(p, y[rows].unsqueeze(1))
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            p = net(x[600:])
            accuracy = (p.round() == y[600:]).float().mean().item()
        print(f"epoch {epoch}: loss {loss.item():.3f}, accuracy {accuracy:.3f}")


@case("softmax_wrong_dim")
def two_class_attention_over_events(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = sessions(np.random.default_rng(seed), 1000)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    class Scan(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(10, 16, padding_idx=0)
            self.conv = nn.Conv1d(16, 32, 3)
            self.out = nn.Linear(32, 2)

        def forward(self, tokens):
            return self.out(F.relu(self.conv(self.embed(tokens).mT)).amax(2))

    model = Scan()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(8):
        for rows in torch.randperm(700).split(35):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            share = F.softmax(model(x[700:]), dim=0)[:, 1]
        flagged = share > 0.5
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {accuracy_score(y[700:], flagged):.3f} "
              f"F1 {f1_score(y[700:], flagged, zero_division=0):.3f}")


@case("scheduler_misuse")
def tilted_stripes_with_a_falling_rate(seed: int) -> None:
    torch.manual_seed(seed)
    images, y = gratings(np.random.default_rng(seed), 900, side=12, noise=0.8)
    loader = DataLoader(TensorDataset(torch.from_numpy(images)[:, None], torch.from_numpy(y).float()), batch_size=30,
                        sampler=torch.utils.data.SubsetRandomSampler(range(600)))
    x_val, y_val = torch.from_numpy(images[600:])[:, None], y[600:]
    net = nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    schedule = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.8)
    for epoch in range(15):
        for images_, labels in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(images_).squeeze(1), labels)
            loss.backward()
            opt.step()
            schedule.step()
        with torch.no_grad():
            auc = roc_auc_score(y_val, net(x_val).squeeze(1))
        print(f"epoch {epoch} loss {loss.item():.4f} val auc {auc:.4f}")


@case("nan_loss")
def twins_by_the_distance_of_their_codes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.data / 16, dtype=torch.float32)

    def draw(low, high, count):
        pool = np.arange(low, high)
        left = rng.choice(pool, count)
        same = rng.integers(0, 2, count)
        right = [rng.choice(pool[(digits.target[pool] == digits.target[i]) == bool(s)])
                 for i, s in zip(left, same, strict=True)]
        return x[left], x[np.array(right)], torch.tensor(same).float()

    a, b, y = draw(0, 300, 3000)
    c, d, z = draw(1200, 1797, 600)
    net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 16))

    def distance(one, two):
        return ((net(one) - net(two)) ** 2).sum(1).sqrt()

    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(8):
        for rows in torch.randperm(3000).split(60):
            gap = distance(a[rows], b[rows])
            loss = (y[rows] * gap**2 + (1 - y[rows]) * (1 - gap).clamp(min=0) ** 2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            near = distance(c, d) < 0.5
        print(f"epoch {epoch} contrastive loss {loss.item():.4f} "
              f"accuracy {(near.float() == z).float().mean().item():.3f}")


@case("label_encoding")
def heartbeat_annotation_codes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    traces, kind = heartbeats(rng, 1000, noise=0.3)
    annotations = pd.DataFrame({"beat": np.arange(1000), "code": np.where(kind == 1, 2, 1)})
    train, test = train_test_split(annotations, test_size=0.3, random_state=seed, stratify=annotations["code"])

    def batches(table, size, shuffle):
        table = table.sample(frac=1, random_state=rng.integers(10**6)) if shuffle else table
        for start in range(0, len(table), size):
            part = table.iloc[start : start + size]
            code = torch.tensor(part["code"].to_numpy(), dtype=torch.float32)
            yield torch.from_numpy(traces[part["beat"]])[:, None], code

    net = nn.Sequential(nn.Conv1d(1, 8, 9, stride=2), nn.ReLU(), nn.Conv1d(8, 16, 5, stride=2), nn.ReLU(), nn.Flatten(),
                        nn.Linear(256, 1), nn.Flatten(0))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(10):
        for signal, target in batches(train, 35, True):
            optimizer.zero_grad()
            loss = criterion(net(signal), target)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            scores = torch.cat([net(signal) for signal, _ in batches(test, 100, False)])
        ectopic = test["code"].to_numpy() == 2
        print(f"epoch {epoch} loss {loss.item():.3f} "
              f"balanced accuracy {balanced_accuracy_score(ectopic, scores > 0):.3f} "
              f"AUC {roc_auc_score(ectopic, scores):.3f}")


@case("nondifferentiable_output")
def spikes_counted_into_alarms(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    alarm = rng.integers(0, 2, 1000)
    series = rng.poisson(1.0, (1000, 48)).astype(np.float32)
    for i in np.flatnonzero(alarm):
        start = rng.integers(0, 40)
        series[i, start : start + 8] += rng.poisson(1.6, 8)
    for i in np.flatnonzero(1 - alarm):
        series[i, rng.choice(48, 8, replace=False)] += rng.poisson(1.6, 8)
    x = torch.from_numpy(np.sqrt(series))[:, None] - 0.9
    y = torch.from_numpy(alarm).float()

    class Alarm(nn.Module):
        def __init__(self):
            super().__init__()
            self.filters = nn.Conv1d(1, 12, 8)
            self.out = nn.Linear(12, 1)

        def forward(self, counts):
            p = torch.sigmoid(self.out(F.relu(self.filters(counts)).amax(2)))
            return torch.round(p).squeeze(1)

    model = Alarm()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(15):
        for rows in torch.randperm(700).split(35):
            loss = F.mse_loss(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            raised = model(x[700:]) > 0.5
        print(f"epoch {epoch} brier {loss.item():.3f} accuracy {accuracy_score(y[700:], raised):.3f} "
              f"balanced {balanced_accuracy_score(y[700:], raised):.3f}")
