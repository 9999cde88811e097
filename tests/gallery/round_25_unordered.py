"""Trainings on data that are not plain tables: images, texts, sensor windows, sequences, sets, graphs, pairs."""

import copy
import itertools
import math
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from case import case
from sklearn.datasets import load_digits
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    log_loss,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, WeightedRandomSampler

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


def read_messages(limit, seed):
    """Text messages as lists of words, and whether they are spam; near copies are dropped."""
    table = load("sms_spam")
    frame = pd.DataFrame({"text": table.features["text"].astype(str), "spam": table.labels})
    frame["norm"] = frame.text.str.lower().str.replace(r"\d", "0", regex=True)
    frame["key"] = frame.norm.str.replace(r"[^a-z]+", "", regex=True).str[:40]
    frame = frame.drop_duplicates("key").sample(limit, random_state=seed)
    return [re.findall(r"[a-z']+|0+|[!?£$]", t) or ["."] for t in frame.norm], frame.spam.to_numpy()


def build_vocabulary(texts, least=2):
    counts = Counter(w for t in texts for w in t)
    return {w: i + 2 for i, w in enumerate(sorted(w for w, n in counts.items() if n >= least))}


def to_ids(texts, vocabulary, longest=40):
    return [torch.tensor([vocabulary.get(w, 1) for w in t[:longest]]) for t in texts]


def read_names(limit, seed):
    """First names that stand in one list only; label 1: the women's list."""
    frame = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    frame = frame.drop_duplicates("name", keep=False).sample(limit, random_state=seed)
    return frame.name.tolist(), (frame.list == "F").astype(int).to_numpy()


def read_splice(limit, seed):
    """Windows of DNA as integer letters (0-3; 4 for an ambiguous one), each once; label 1: a junction."""
    frame = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    frame = frame.sample(limit, random_state=seed)
    letters = np.array([["ACGT".find(c) % 5 for c in s] for s in frame.sequence])
    return letters, frame.is_junction.to_numpy()


def two_digits(a, b):
    """The 8x8 images of two digits, shape [n, 1, 8, 8] in 0..1; label 1: the second digit."""
    bunch = load_digits()
    keep = np.isin(bunch.target, [a, b])
    return (bunch.images[keep][:, None] / 16.0).astype(np.float32), (bunch.target[keep] == b).astype(np.int64)


def draw_shapes(n, rng, size=16, noise=0.35):
    """Grey images with a filled square (0) or a disc (1) somewhere."""
    yy, xx = np.mgrid[:size, :size]
    labels = rng.integers(0, 2, n)
    images = np.empty((n, 1, size, size), np.float32)
    for i, label in enumerate(labels):
        r = rng.uniform(3.0, 5.0)
        cy, cx = rng.uniform(5, size - 6, 2)
        if label:
            inside = (yy - cy) ** 2 + (xx - cx) ** 2 < r**2
        else:
            h = r * 0.886
            inside = (abs(yy - cy) < h) & (abs(xx - cx) < h)
        images[i, 0] = inside * rng.uniform(0.7, 1.3) + rng.normal(0, noise, (size, size))
    return images, labels


def draw_textures(n, rng, size=16, noise=0.9):
    """Stripes that run to the right (0) or to the left (1), in noise."""
    yy, xx = np.mgrid[:size, :size]
    labels = rng.integers(0, 2, n)
    sign = np.where(labels == 1, -1, 1)[:, None, None]
    freq = rng.uniform(0.8, 1.4, (n, 1, 1))
    phase = rng.uniform(0, 6.28, (n, 1, 1))
    waves = np.sin(freq * (xx + sign * yy) / 1.4 + phase)
    return (waves + rng.normal(0, noise, waves.shape)).astype(np.float32)[:, None], labels


def record_machines(n_machines, per_machine, rng, own=0.0, length=64, strength=0.55):
    """Vibration windows [n, 2, length] of machines; half of the machines are worn: bursts of a higher tone.

    own: how strongly a machine's own tone shows.
    """
    t = np.arange(length)
    windows, labels, machines = [], [], []
    for m in range(n_machines):
        worn = m % 2
        tone, tint = rng.uniform(0.3, 2.8), rng.normal(0, 1, 2)
        for _ in range(per_machine):
            w = rng.normal(0, 1.0, (2, length)) + np.sin(0.35 * t + rng.uniform(0, 6.28))
            w += own * np.sin(tone * t + rng.uniform(0, 6.28)) + own * tint[:, None] * 0.6
            if worn:
                burst = 2 * strength * np.sin(1.9 * t + rng.uniform(0, 6.28))
                w[0] += burst * np.exp(-(((t - rng.uniform(10, 54)) / 9) ** 2))
            windows.append(w)
            labels.append(worn)
            machines.append(m)
    return np.array(windows, np.float32), np.array(labels), np.array(machines)


def visit_sessions(n, rng, longest=40):
    """Clicks: lists of page ids 1..12 of different length; buyers come back from the cart (11) to a product (5)."""
    sessions, bought = [], []
    for _ in range(n):
        label = rng.random() < 0.4
        size = int(rng.integers(4, longest))
        pages = rng.integers(1, 13, size)
        hits = rng.poisson(0.12 * size if label else 0.02 * size)
        for spot in rng.integers(0, size - 1, hits + int(label)):
            pages[spot], pages[spot + 1] = 11, 5
        sessions.append(pages)
        bought.append(int(label))
    return sessions, np.array(bought)


def clouds_of_points(n, rng, most=30):
    """Sets of 8 to `most` points in the plane: on a ring (1) or spread with the same second moments (0)."""
    sets, labels = [], rng.integers(0, 2, n)
    for label in labels:
        k = int(rng.integers(8, most + 1))
        p = rng.normal(0, 1, (k, 2))
        if label:
            p = p / np.linalg.norm(p, axis=1, keepdims=True) * 1.414 + rng.normal(0, 0.35, (k, 2))
        sets.append((p + rng.normal(0, 0.2, 2)).astype(np.float32))
    return sets, labels


def small_graphs(n, rng, nodes=12):
    """Adjacency matrices of random graphs with the same expected number of edges; label 1: edges close triangles."""
    graphs, labels = np.zeros((n, nodes, nodes), np.float32), rng.integers(0, 2, n)
    for a, label in zip(graphs, labels, strict=False):
        edges = int(rng.integers(14, 22))
        while a.sum() < 2 * edges:
            i, j = rng.choice(nodes, 2, replace=False)
            if label and rng.random() < 0.5:
                around = np.flatnonzero(a[i])
                if len(around) >= 2:
                    i, j = rng.choice(around, 2, replace=False)
            a[i, j] = a[j, i] = 1
    return graphs, labels


@case("labels_misaligned")
def messages_sorted_by_length_for_bucketing(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = read_messages(2000, seed)
    tr_x, va_x, tr_y, va_y = train_test_split(texts, spam, test_size=0.25, stratify=spam, random_state=seed)
    vocab = build_vocabulary(tr_x)
    # bucket by length so that there is little padding
    order = sorted(range(len(tr_x)), key=lambda i: len(tr_x[i]))
    tr_x = [tr_x[i] for i in order]
    tr_ids = to_ids(tr_x, vocab)
    batches = []
    for s in range(0, len(tr_ids), 50):
        chunk = pad_sequence(tr_ids[s : s + 50], batch_first=True)
        batches.append((chunk, torch.tensor(tr_y[s : s + 50]).float()))

    class Bag(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(vocab) + 2, 24, padding_idx=0)
            self.fc = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))

        def forward(self, ids):
            m = (ids > 0).float().unsqueeze(-1)
            return self.fc((self.emb(ids) * m).sum(1) / m.sum(1)).squeeze(1)

    net = Bag()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    va_ids = pad_sequence(to_ids(va_x, vocab), batch_first=True)
    for epoch in range(8):
        net.train()
        total = 0.0
        for k in torch.randperm(len(batches)).tolist():
            ids, target = batches[k]
            loss = F.binary_cross_entropy_with_logits(net(ids), target)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        net.eval()
        with torch.no_grad():
            p = torch.sigmoid(net(va_ids)).numpy()
        print(f"epoch {epoch} train {total / len(batches):.4f} val auc {roc_auc_score(va_y, p):.3f}")


@case("label_noise")
def crowd_labelled_threes_and_eights(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X, y = two_digits(3, 8)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    # one worker of the platform per training image
    worker = rng.integers(0, 5, len(y_train))
    p_worker = np.array([0.55, 0.60, 0.65, 0.52, 0.62])
    answered = np.where(rng.random(len(y_train)) < p_worker[worker], y_train, 1 - y_train)

    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 2),
    )
    loader = DataLoader(TensorDataset(torch.tensor(X_train), torch.tensor(answered)), batch_size=32, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(12):
        model.train()
        running, right = 0.0, 0
        for xb, yb in loader:
            optimizer.zero_grad()
            out = model(xb)
            loss = criterion(out, yb)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(yb)
            right += (out.argmax(1) == yb).sum().item()
        print(f"Epoch {epoch + 1}: loss {running / len(answered):.4f} acc {right / len(answered):.3f}")
    model.eval()
    with torch.no_grad():
        prob = model(torch.tensor(X_test)).softmax(1)[:, 1].numpy()
    print("test AUC", roc_auc_score(y_test, prob), "bal acc", balanced_accuracy_score(y_test, prob > 0.5))


@case("weak_signal")
def next_day_direction_lstm(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    returns = rng.standard_t(4, 2400) * 0.01 * np.exp(0.3 * np.sin(np.arange(2400) / 60))
    price = 100 * np.exp(np.cumsum(returns))
    r = np.diff(np.log(price))
    window = 20
    X = np.stack([r[i : i + window] for i in range(len(r) - window)])
    y = (r[window:] > 0).astype(np.float32)
    cut = int(0.75 * len(X))
    mu, sd = X[:cut].mean(), X[:cut].std()
    X = torch.tensor((X - mu) / sd, dtype=torch.float32).unsqueeze(-1)
    y = torch.tensor(y)

    class Direction(nn.Module):
        def __init__(self, hidden=16):
            super().__init__()
            self.lstm = nn.LSTM(1, hidden, batch_first=True)
            self.head = nn.Linear(hidden, 1)

        def forward(self, x):
            out, _ = self.lstm(x)
            return self.head(out[:, -1]).squeeze(-1)

    net = Direction()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    crit = nn.BCEWithLogitsLoss()
    for epoch in range(8):
        net.train()
        perm = torch.randperm(cut)
        losses = []
        for idx in perm.split(64):
            opt.zero_grad()
            loss = crit(net(X[idx]), y[idx])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            logits = net(X[cut:])
            val = crit(logits, y[cut:]).item()
        acc = ((logits > 0).float() == y[cut:]).float().mean().item()
        print(f"{epoch:02d} train={np.mean(losses):.4f} val={val:.4f} acc={acc:.3f} "
              f"auc={roc_auc_score(y[cut:], logits):.3f}")


@case("preprocess_mismatch")
def spectrogram_service(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def record(n):
        y = rng.integers(0, 2, n)
        t = np.arange(256)
        waves = rng.normal(0, 1, (n, 256)) + 0.8 * np.sin(0.4 * t + rng.uniform(0, 6, (n, 1)))
        chirp = np.sin((0.9 + 0.002 * t) * t + rng.uniform(0, 6, (n, 1)))
        waves += (0.55 * y)[:, None] * chirp
        return waves * rng.uniform(0.6, 1.8, (n, 1)), y

    def spectrum(waves):
        frames = waves.reshape(len(waves), 8, 32) * np.hanning(32)
        return np.abs(np.fft.rfft(frames, axis=2)) ** 2

    class TrainSet(Dataset):
        def __init__(self, waves, labels):
            s = np.log(spectrum(waves) + 1e-6)
            self.mean, self.std = s.mean(), s.std()
            self.x = ((s - self.mean) / self.std).astype(np.float32)
            self.y = labels

        def __len__(self):
            return len(self.y)

        def __getitem__(self, i):
            return self.x[i][None], self.y[i]

    class ServeSet(Dataset):
        def __init__(self, waves, labels, mean, std):
            samples = (waves * 4000).round()
            s = np.log(spectrum(samples) + 1e-6)
            self.x = ((s - mean) / std).astype(np.float32)
            self.y = labels

        def __len__(self):
            return len(self.y)

        def __getitem__(self, i):
            return self.x[i][None], self.y[i]

    train_set = TrainSet(*record(900))
    serve_set = ServeSet(*record(400), train_set.mean, train_set.std)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d((2, 17)),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(16 * 34, 2),
    )
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-2)
    for epoch in range(8):
        net.train()
        hits = 0
        for x, y in DataLoader(train_set, 64, shuffle=True):
            out = net(x)
            loss = F.cross_entropy(out, y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            hits += (out.argmax(1) == y).sum().item()
        net.eval()
        with torch.no_grad():
            outs = [(net(x), y) for x, y in DataLoader(serve_set, 100)]
        out, y = torch.cat([o for o, _ in outs]), torch.cat([y for _, y in outs])
        print(f"{epoch}: train acc {hits / 900:.3f}  serving acc {(out.argmax(1) == y).float().mean():.3f} "
              f"loss {F.cross_entropy(out, y):.3f}")


@case("data_leakage")
def bearing_windows_random_split(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    windows, worn, machine = record_machines(24, 50, rng, own=1.2, strength=0.4)
    x = torch.from_numpy(windows)
    y = torch.from_numpy(worn).float()
    train_idx, val_idx = train_test_split(np.arange(len(y)), test_size=0.25, stratify=worn, random_state=seed)
    mean, std = x[train_idx].mean((0, 2), keepdim=True), x[train_idx].std((0, 2), keepdim=True)
    x = (x - mean) / std
    net = nn.Sequential(
        nn.Conv1d(2, 24, 9, padding=4), nn.BatchNorm1d(24), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(24, 32, 5, padding=2), nn.BatchNorm1d(32), nn.ReLU(), nn.AdaptiveAvgPool1d(1),
        nn.Flatten(), nn.Linear(32, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    lossf = nn.BCEWithLogitsLoss()
    for _epoch in range(20):
        net.train()
        for idx in torch.tensor(train_idx)[torch.randperm(len(train_idx))].split(64):
            opt.zero_grad()
            loss = lossf(net(x[idx]).squeeze(1), y[idx])
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logit = net(x[val_idx]).squeeze(1)
    print(f"machines {len(set(machine.tolist()))}, windows {len(y)}")
    print(f"val loss {lossf(logit, y[val_idx]):.3f} AUC {roc_auc_score(y[val_idx], logit):.3f}")


@case("data_leakage")
def enlarged_image_set_then_split(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    originals, labels = draw_textures(150, rng, noise=3.5)
    # only 150 scans: enlarge the set with slightly changed versions
    images, targets = [originals], [labels]
    for _ in range(7):
        changed = originals + rng.normal(0, 0.3, originals.shape).astype(np.float32)
        changed *= rng.uniform(0.9, 1.1, (len(originals), 1, 1, 1)).astype(np.float32)
        images.append(changed)
        targets.append(labels)
    images, targets = np.concatenate(images), np.concatenate(targets)
    dataset = TensorDataset(torch.tensor(images / 3), torch.tensor(targets).float())
    n_val = len(dataset) // 5
    train_ds, val_ds = torch.utils.data.random_split(
        dataset, [len(dataset) - n_val, n_val], generator=torch.Generator().manual_seed(seed)
    )
    model = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0),
    )
    optim = torch.optim.Adam(model.parameters(), lr=1e-3)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(10):
        model.train()
        for xb, yb in DataLoader(train_ds, batch_size=32, shuffle=True):
            loss = bce(model(xb), yb)
            optim.zero_grad()
            loss.backward()
            optim.step()
        model.eval()
        scores, truth = [], []
        with torch.no_grad():
            for xb, yb in DataLoader(val_ds, batch_size=64):
                scores.append(model(xb))
                truth.append(yb)
        scores, truth = torch.cat(scores), torch.cat(truth)
        print(f"epoch {epoch + 1}: val loss {bce(scores, truth):.3f} "
              f"accuracy {((scores > 0) == truth.bool()).float().mean():.3f} auc {roc_auc_score(truth, scores):.3f}")


@case("class_weights_wrong")
def basket_fraud_deep_sets(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 2400
    y = (rng.random(n) < 0.12).astype(np.float32)
    sizes = rng.integers(3, 16, n)
    items = torch.zeros(n, 15, 3)
    mask = torch.zeros(n, 15)
    for i in range(n):
        v = rng.normal(0, 1, (sizes[i], 3))
        if y[i]:
            odd = rng.integers(0, sizes[i], 2)
            v[odd] += [1.6, 1.2, -1.0]
        items[i, : sizes[i]] = torch.tensor(v)
        mask[i, : sizes[i]] = 1
    y = torch.tensor(y)
    tr, va = torch.arange(1800), torch.arange(1800, n)
    phi = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
    rho = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))

    def score(idx):
        h = phi(items[idx]) * mask[idx].unsqueeze(-1)
        pooled = torch.cat([h.sum(1) / mask[idx].sum(1, keepdim=True), h.max(1).values], 1)
        return rho(pooled).squeeze(1)

    n_pos = y[tr].sum()
    n_neg = len(tr) - n_pos
    criterion = nn.BCEWithLogitsLoss(pos_weight=n_pos / n_neg)
    params = list(phi.parameters()) + list(rho.parameters())
    opt = torch.optim.Adam(params, lr=2e-3)
    for _epoch in range(12):
        for idx in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = criterion(score(idx), y[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(score(va)).numpy()
    print("loss", loss.item())
    print(f"AUC {roc_auc_score(y[va], p):.3f}  balanced accuracy {balanced_accuracy_score(y[va], p > 0.5):.3f}  "
          f"recall {recall_score(y[va], p > 0.5):.3f}  F1 {f1_score(y[va], p > 0.5):.3f}")


@case("lr_too_high")
def splice_transformer(seed: int) -> None:
    torch.manual_seed(seed)
    seqs, labels = read_splice(1600, seed)
    tr_x, va_x, tr_y, va_y = train_test_split(
        torch.tensor(seqs), torch.tensor(labels).float(), test_size=0.25, random_state=seed, stratify=labels
    )

    class SpliceFormer(nn.Module):
        def __init__(self, d=24, heads=2):
            super().__init__()
            self.tok = nn.Embedding(5, d)
            self.pos = nn.Parameter(torch.randn(60, d) * 0.02)
            layer = nn.TransformerEncoderLayer(d, heads, 48, dropout=0.1, batch_first=True)
            self.enc = nn.TransformerEncoder(layer, 1)
            self.out = nn.Linear(60 * d, 1)

        def forward(self, s):
            return self.out(self.enc(self.tok(s) + self.pos).flatten(1)).squeeze(-1)

    config = {"epochs": 6, "batch": 64, "lr": 0.5}
    net = SpliceFormer()
    opt = torch.optim.AdamW(net.parameters(), lr=config["lr"])
    for epoch in range(config["epochs"]):
        net.train()
        total = 0.0
        for idx in torch.randperm(len(tr_x)).split(config["batch"]):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(tr_x[idx]), tr_y[idx])
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            logits = net(va_x)
        print(f"epoch {epoch} | loss {total / len(tr_x):.4f} | val loss "
              f"{F.binary_cross_entropy_with_logits(logits, va_y):.4f} | auc {roc_auc_score(va_y, logits):.3f}")


@case("bad_init")
def deep_convolutions_own_weights(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    images, kind = draw_shapes(1600, rng)
    X, Y = torch.tensor(images), torch.tensor(kind).float()

    def weights_init(m):
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            nn.init.normal_(m.weight, 0.0, 0.001)
            nn.init.zeros_(m.bias)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(12, 16, 3, padding=1), nn.ReLU(),
                nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            )
            self.head = nn.Sequential(nn.Linear(16 * 16, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x):
            return self.head(self.body(x).flatten(1)).squeeze(1)

    net = Net()
    net.apply(weights_init)
    opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
    for epoch in range(12):
        net.train()
        for idx in torch.randperm(1200).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X[idx]), Y[idx])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(X[1200:])
        print(epoch, "loss", round(loss.item(), 4), "val acc", ((z > 0) == Y[1200:].bool()).float().mean().item(),
              "auc", round(roc_auc_score(Y[1200:], z), 3))


@case("vanishing_gradients")
def ten_layer_digit_classifier(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = two_digits(1, 7)
    X = X.reshape(len(X), -1)
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    X_tr, X_va = torch.tensor(X_tr), torch.tensor(X_va)
    y_tr, y_va = torch.tensor(y_tr).float().view(-1, 1), torch.tensor(y_va).float().view(-1, 1)
    sizes = [64] + [48] * 9
    layers = []
    for a, b in itertools.pairwise(sizes):
        layers += [nn.Linear(a, b), nn.Sigmoid()]
    layers += [nn.Linear(48, 1), nn.Sigmoid()]
    model = nn.Sequential(*layers)
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(60):
        for i in range(0, len(X_tr), 32):
            optimizer.zero_grad()
            loss = criterion(model(X_tr[i : i + 32]), y_tr[i : i + 32])
            loss.backward()
            optimizer.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                p = model(X_va)
            print(f"epoch {epoch + 1} loss {loss.item():.4f} val loss {criterion(p, y_va).item():.4f} "
                  f"bal acc {balanced_accuracy_score(y_va, p > 0.5):.3f} auc {roc_auc_score(y_va, p):.3f}")


@case("undertrained")
def names_character_gru(seed: int) -> None:
    torch.manual_seed(seed)
    names, female = read_names(2400, seed)

    def encode(name):
        return torch.tensor([ord(c) - 64 for c in name if c.isalpha()])

    def collate(batch):
        batch = sorted(batch, key=lambda b: -len(b[0]))
        ids = pad_sequence([b[0] for b in batch], batch_first=True)
        return ids, torch.tensor([len(b[0]) for b in batch]), torch.tensor([float(b[1]) for b in batch])

    class CharGRU(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 16, padding_idx=0)
            self.gru = nn.GRU(16, 32, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(64, 1)

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.emb(ids), lengths, batch_first=True)
            _, h = self.gru(packed)
            return self.fc(torch.cat([h[0], h[1]], 1)).squeeze(1)

    pairs = [(encode(n), f) for n, f in zip(names, female, strict=False)]
    train, test = train_test_split(pairs, test_size=0.25, random_state=seed, stratify=female)
    net = CharGRU()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(2):
        net.train()
        for ids, lengths, y in DataLoader(train, 128, shuffle=True, collate_fn=collate):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids, lengths), y)
            loss.backward()
            opt.step()
        print("epoch", epoch, "loss", loss.item())
    net.eval()
    with torch.no_grad():
        ids, lengths, y = collate(test)
        prob = net(ids, lengths).sigmoid()
    print("test AUC", roc_auc_score(y, prob), "balanced accuracy", balanced_accuracy_score(y, prob > 0.5))


@case("overfitting")
def few_names_large_network(seed: int) -> None:
    torch.manual_seed(seed)
    names, female = read_names(900, seed)
    ids = torch.zeros(900, 12, dtype=torch.long)
    for i, n in enumerate(names):
        codes = [ord(c) - 64 for c in n if c.isalpha()][-12:]
        ids[i, 12 - len(codes):] = torch.tensor(codes)
    y = torch.tensor(female).float()
    n_tr = 450

    class CharCNN(nn.Module):
        def __init__(self, width=128):
            super().__init__()
            self.emb = nn.Embedding(27, 64, padding_idx=0)
            self.conv = nn.Conv1d(64, width, 3, padding=1)
            self.fc1 = nn.Linear(width * 12, 256)
            self.fc2 = nn.Linear(256, 1)

        def forward(self, s):
            h = F.relu(self.conv(self.emb(s).transpose(1, 2)))
            return self.fc2(F.relu(self.fc1(h.flatten(1)))).squeeze(1)

    net = CharCNN()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(40):
        net.train()
        running = 0.0
        for idx in torch.randperm(n_tr).split(32):
            opt.zero_grad()
            loss = loss_fn(net(ids[idx]), y[idx])
            loss.backward()
            opt.step()
            running += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            z = net(ids[n_tr:])
        if epoch % 3 == 0 or epoch == 39:
            print(f"{epoch:3d} train {running / n_tr:.4f} val {loss_fn(z, y[n_tr:]):.4f} "
                  f"val auc {roc_auc_score(y[n_tr:], z):.3f}")


@case("regularisation_too_strong")
def ring_point_sets(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sets, ring = clouds_of_points(1400, rng)

    def collate(rows):
        pts = pad_sequence([torch.from_numpy(s) for s, _ in rows], batch_first=True)
        mask = pad_sequence([torch.ones(len(s)) for s, _ in rows], batch_first=True)
        return pts, mask, torch.tensor([float(r) for _, r in rows])

    class PointSetNet(nn.Module):
        def __init__(self, hidden=48):
            super().__init__()
            self.each = nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
            self.whole = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1))

        def forward(self, pts, mask):
            h = self.each(pts) * mask.unsqueeze(-1)
            return self.whole(h.sum(1) / mask.sum(1, keepdim=True)).squeeze(-1)

    rows = list(zip(sets, ring, strict=False))
    train, val = rows[:1000], rows[1000:]
    net = PointSetNet()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=0.1)
    for epoch in range(15):
        net.train()
        for pts, mask, y in DataLoader(train, 50, shuffle=True, collate_fn=collate):
            loss = F.binary_cross_entropy_with_logits(net(pts, mask), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        pts, mask, y = collate(val)
        with torch.no_grad():
            z = net(pts, mask)
        print(f"{epoch} {loss.item():.4f} val {F.binary_cross_entropy_with_logits(z, y):.4f} "
              f"acc {((z > 0).float() == y).float().mean():.3f} auc {roc_auc_score(y, z):.3f}")


@case("augmentation_too_heavy")
def six_or_nine_with_random_turns(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = two_digits(6, 9)
    X, y = torch.tensor(X), torch.tensor(y)
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.4, random_state=seed, stratify=y)

    def augment(batch):
        out = []
        for im in batch:
            out.append(torch.rot90(im, int(torch.randint(0, 4, (1,))), dims=(1, 2)))
        out = torch.stack(out)
        return out + 0.05 * torch.randn_like(out)

    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(32 * 16, 2),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(15):
        net.train()
        for idx in torch.randperm(len(Xtr)).split(32):
            loss = F.cross_entropy(net(augment(Xtr[idx])), ytr[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            out = net(Xva)
        print(f"Epoch {epoch}: {loss.item():.4f} | val loss {F.cross_entropy(out, yva).item():.4f} "
              f"acc {(out.argmax(1) == yva).float().mean().item():.3f} "
              f"auc {roc_auc_score(yva, out[:, 1] - out[:, 0]):.3f}")


@case("unshuffled_data")
def texture_folders_one_after_the_other(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    pool, kind = draw_textures(1300, rng, noise=1.6)

    class FolderImages(Dataset):
        """The images of two folders; the folder is the label."""

        def __init__(self, images, labels):
            self.files = [(im, 0) for im in images[labels == 0]] + [(im, 1) for im in images[labels == 1]]

        def __len__(self):
            return len(self.files)

        def __getitem__(self, i):
            image, label = self.files[i]
            return torch.from_numpy(image), torch.tensor(float(label))

    train, val = FolderImages(pool[:900], kind[:900]), FolderImages(pool[900:], kind[900:])
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 1),
    )
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    crit = nn.BCEWithLogitsLoss()
    for epoch in range(8):
        net.train()
        seen = []
        for x, y in DataLoader(train, batch_size=30, num_workers=0):
            opt.zero_grad()
            loss = crit(net(x).squeeze(1), y)
            loss.backward()
            opt.step()
            seen.append(loss.item())
        net.eval()
        z, t = [], []
        with torch.no_grad():
            for x, y in DataLoader(val, batch_size=100):
                z.append(net(x).squeeze(1))
                t.append(y)
        z, t = torch.cat(z), torch.cat(t)
        print(f"epoch {epoch} train {np.mean(seen):.4f} val {crit(z, t):.4f} "
              f"bal acc {balanced_accuracy_score(t, z > 0):.3f} auc {roc_auc_score(t, z):.3f}")


@case("scheduler_misuse")
def splice_convolutions_with_decay(seed: int) -> None:
    torch.manual_seed(seed)
    letters, junction = read_splice(1600, seed)
    onehot = F.one_hot(torch.tensor(letters), 5)[..., :4].float().transpose(1, 2)
    target = torch.tensor(junction)
    tr, va = train_test_split(np.arange(len(target)), test_size=0.25, stratify=junction, random_state=seed)

    @dataclass
    class Config:
        epochs: int = 10
        batch_size: int = 32
        lr: float = 0.02
        step_size: int = 4
        gamma: float = 0.5

    cfg = Config()
    net = nn.Sequential(
        nn.Conv1d(4, 24, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(24, 24, 5, padding=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(24 * 30, 2),
    )
    opt = torch.optim.SGD(net.parameters(), lr=cfg.lr, momentum=0.9)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=cfg.step_size, gamma=cfg.gamma)
    loader = DataLoader(TensorDataset(onehot[tr], target[tr]), cfg.batch_size, shuffle=True)
    for epoch in range(cfg.epochs):
        net.train()
        for x, y in loader:
            loss = F.cross_entropy(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
        net.eval()
        with torch.no_grad():
            p = net(onehot[va]).softmax(1)[:, 1]
        print(f"[{epoch}] loss {loss.item():.4f} val loss {log_loss(target[va], p):.4f} "
              f"bal acc {balanced_accuracy_score(target[va], p > 0.5):.3f} auc {roc_auc_score(target[va], p):.3f}")


@case("padding_not_masked")
def clickstream_gru_buyers(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sessions, bought = visit_sessions(1500, rng)
    longest = 80
    clicks = torch.zeros(len(sessions), longest, dtype=torch.long)
    for i, s in enumerate(sessions):
        clicks[i, : len(s)] = torch.tensor(s)
    y = torch.tensor(bought).float()

    class SessionGRU(nn.Module):
        def __init__(self, pages=13, dim=12, hidden=24):
            super().__init__()
            self.embed = nn.Embedding(pages, dim, padding_idx=0)
            self.gru = nn.GRU(dim, hidden, batch_first=True)
            self.out = nn.Linear(hidden, 1)

        def forward(self, pages):
            _states, last = self.gru(self.embed(pages))
            return self.out(last[-1]).squeeze(-1)

    model = SessionGRU()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    bce = nn.BCEWithLogitsLoss()
    train, val = slice(0, 1100), slice(1100, None)
    for epoch in range(10):
        model.train()
        for idx in torch.randperm(1100).split(50):
            loss = bce(model(clicks[train][idx]), y[train][idx])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            z = model(clicks[val])
        print(f"epoch {epoch + 1:2d} loss {loss.item():.3f} val {bce(z, y[val]).item():.3f} "
              f"auc {roc_auc_score(y[val], z):.3f}")


@case("wrong_axis")
def wearable_lstm_fall_detector(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n, steps = 1200, 50
    y = rng.integers(0, 2, n)
    acc = rng.normal(0, 0.5, (n, steps, 3))
    acc[:, :, 2] += 1.0
    start = rng.integers(5, 40, n)
    for i in range(n):
        if y[i]:
            acc[i, start[i] : start[i] + 4, 2] -= 1.0
            acc[i, start[i] + 4 : start[i] + 7, 2] += 1.6
        else:
            acc[i, start[i] : start[i] + 3, 2] += 1.6
            acc[i, start[i] + 3 : start[i] + 7, 2] -= 1.0
    X = torch.tensor(acc, dtype=torch.float32)
    Y = torch.tensor(y, dtype=torch.float32)

    class FallNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(input_size=3, hidden_size=32)
            self.fc = nn.Linear(32, 1)

        def forward(self, x):
            out, _ = self.lstm(x)
            return self.fc(out.max(dim=1).values)

    net = FallNet()
    loss_fn = nn.BCEWithLogitsLoss()
    optim = torch.optim.Adam(net.parameters(), lr=5e-3)
    dl = DataLoader(TensorDataset(X[:900], Y[:900]), batch_size=32, shuffle=True)
    for epoch in range(12):
        net.train()
        tot = 0
        for xb, yb in dl:
            optim.zero_grad()
            loss = loss_fn(net(xb).squeeze(1), yb)
            loss.backward()
            optim.step()
            tot += loss.item()
        net.eval()
        with torch.no_grad():
            s = net(X[900:]).squeeze(1)
        print(epoch, round(tot / len(dl), 4), "val auc", round(roc_auc_score(Y[900:], s), 3),
              "acc", round(((s > 0) == (Y[900:] > 0)).float().mean().item(), 3))


@case("shape_broadcast")
def same_digit_siamese(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bunch = load_digits()
    images = torch.tensor(bunch.images / 16.0, dtype=torch.float32).unsqueeze(1)
    order = rng.permutation(len(images))

    def make_pairs(pool, n):
        left, right, same = [], [], []
        by_class = {c: pool[bunch.target[pool] == c] for c in range(10)}
        for k in range(n):
            i = rng.choice(pool)
            c = bunch.target[i]
            if k % 2 == 0:
                j = rng.choice(by_class[c][by_class[c] != i])
            else:
                j = rng.choice(by_class[(c + rng.integers(1, 10)) % 10])
            left.append(i)
            right.append(j)
            same.append(float(k % 2 == 0))
        return torch.tensor(np.array(left)), torch.tensor(np.array(right)), torch.tensor(same)

    train = make_pairs(order[:1200], 3000)
    val = make_pairs(order[1200:], 800)
    tower = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(512, 32),
    )
    top = nn.Linear(32, 1)

    def pair_score(i, j):
        return top((tower(images[i]) - tower(images[j])).abs())

    opt = torch.optim.Adam([*tower.parameters(), *top.parameters()], lr=2e-3)
    for epoch in range(6):
        for idx in torch.randperm(3000).split(50):
            prob = torch.sigmoid(pair_score(train[0][idx], train[1][idx]))
            loss = ((prob - train[2][idx]) ** 2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            prob = torch.sigmoid(pair_score(val[0], val[1])).squeeze(1)
        print(f"epoch {epoch} loss {loss.item():.4f} val auc {roc_auc_score(val[2], prob):.3f} "
              f"bal acc {balanced_accuracy_score(val[2], prob > 0.5):.3f}")


@case("eval_mode_missing")
def letters_with_much_dropout(seed: int) -> None:
    torch.manual_seed(seed)
    names, female = read_names(2400, seed)
    ids = torch.zeros(len(names), 12, dtype=torch.long)
    for i, n in enumerate(names):
        codes = [ord(c) - 64 for c in n if c.isalpha()][-12:]
        ids[i, 12 - len(codes) :] = torch.tensor(codes)
    y = torch.tensor(female).float()

    class NameNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 16, padding_idx=0)
            self.drop_letters = nn.Dropout(0.5)
            self.fc1 = nn.Linear(12 * 16, 64)
            self.drop = nn.Dropout(0.6)
            self.fc2 = nn.Linear(64, 1)

        def forward(self, s):
            h = self.drop_letters(self.emb(s).flatten(1))
            return self.fc2(self.drop(torch.relu(self.fc1(h)))).squeeze(1)

    def run_epoch(net, idx_all, opt=None):
        losses, scores, truth = [], [], []
        for idx in idx_all.split(64):
            z = net(ids[idx])
            loss = F.binary_cross_entropy_with_logits(z, y[idx])
            if opt is not None:
                opt.zero_grad()
                loss.backward()
                opt.step()
            losses.append(loss.item())
            scores.append(z.detach())
            truth.append(y[idx])
        return np.mean(losses), roc_auc_score(torch.cat(truth), torch.cat(scores))

    net = NameNet()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(15):
        tr_loss, tr_auc = run_epoch(net, torch.randperm(1800), opt)
        with torch.no_grad():
            va_loss, va_auc = run_epoch(net, torch.arange(1800, 2400))
        print(f"{epoch:2d} train {tr_loss:.4f}/{tr_auc:.3f}  val {va_loss:.4f}/{va_auc:.3f}")


@case("frozen_params")
def finetune_digit_backbone(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    images = torch.tensor(bunch.images / 16.0, dtype=torch.float32).unsqueeze(1)
    digit = torch.tensor(bunch.target)

    class Backbone(nn.Module):
        def __init__(self, classes):
            super().__init__()
            self.features = nn.Sequential(
                nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            )
            self.classifier = nn.Linear(64, classes)

        def forward(self, x):
            return self.classifier(self.features(x))

    # pretraining on the digits 0-5
    model = Backbone(6)
    rows = torch.nonzero(digit < 6).squeeze(1)
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(4):
        for idx in rows[torch.randperm(len(rows))].split(64):
            opt.zero_grad()
            F.cross_entropy(model(images[idx]), digit[idx]).backward()
            opt.step()

    # the task of this project: 8 or 9
    model.classifier = nn.Linear(64, 2)
    # the images come from another scanner now: the first layer adapts, the pretrained rest stays
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("features.0")
    rows = torch.nonzero(digit >= 8).squeeze(1)
    rows = rows[torch.randperm(len(rows))]
    train, val = rows[:220], rows[220:]
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    for epoch in range(15):
        for idx in train[torch.randperm(len(train))].split(32):
            opt.zero_grad()
            loss = F.cross_entropy(model(images[idx]), digit[idx] - 8)
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = model(images[val])
        print(f"epoch {epoch} loss {loss.item():.4f} val acc {(out.argmax(1) == digit[val] - 8).float().mean():.3f} "
              f"auc {roc_auc_score(digit[val] - 8, out[:, 1] - out[:, 0]):.3f}")


@case("threshold_on_logits")
def triangle_graph_network(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    A, labels = small_graphs(900, rng)
    A, y = torch.tensor(A), torch.tensor(labels).float()

    class GraphNet(nn.Module):
        def __init__(self, h=24):
            super().__init__()
            self.msg1, self.msg2 = nn.Linear(3, h), nn.Linear(2 * h, h)
            self.read = nn.Sequential(nn.Linear(2 * h, h), nn.ReLU(), nn.Linear(h, 1))

        def forward(self, a):
            deg = a.sum(2, keepdim=True)
            cycles = torch.diagonal(a @ a @ a, dim1=1, dim2=2).unsqueeze(-1) / 2
            x = torch.cat([deg / 5, (a @ deg) / 20, cycles / 5], 2)
            h1 = torch.relu(self.msg1(x))
            h2 = torch.relu(self.msg2(torch.cat([h1, a @ h1 / 4], 2)))
            return self.read(torch.cat([h2.mean(1), h2.max(1).values], 1)).squeeze(1)

    net, bce = GraphNet(), nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    tr, va = torch.arange(650), torch.arange(650, 900)
    for epoch in range(30):
        net.train()
        for idx in tr[torch.randperm(650)].split(32):
            opt.zero_grad()
            loss = bce(net(A[idx]), y[idx])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            out = net(A[va])
            correct = (torch.round(out) == y[va]).sum().item()
        print(f"Epoch {epoch:02d}  loss {loss.item():.4f}  val loss {bce(out, y[va]).item():.4f}  "
              f"val acc {correct / len(va):.4f}")


@case("optimizer_wrong_params")
def new_head_on_pretrained_network(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    x = torch.tensor(bunch.images / 16.0 - 0.3, dtype=torch.float32)[:, None]
    digit = torch.tensor(bunch.target)

    class DigitNet(nn.Module):
        def __init__(self, classes):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(12, 16, 3), nn.ReLU(), nn.Flatten(),
            )
            self.fc = nn.Linear(64, classes)

        def forward(self, x):
            return self.fc(self.body(x))

    def train(net, optimizer, inputs, targets, epochs):
        loader = DataLoader(TensorDataset(inputs, targets), batch_size=32, shuffle=True)
        net.train()
        for epoch in range(epochs):
            total = 0.0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = F.cross_entropy(net(xb), yb)
                loss.backward()
                optimizer.step()
                total += loss.item()
            print(f"  epoch {epoch} loss {total / len(loader):.4f}")

    net = DigitNet(5)
    source = digit < 5
    print("source task")
    train(net, torch.optim.Adam(net.parameters(), lr=3e-3), x[source], digit[source], 4)

    print("target task")
    for p in net.body.parameters():
        p.requires_grad = False
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    net.fc = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
    keep = torch.isin(digit, torch.tensor([5, 9]))
    tr_x, va_x, tr_y, va_y = train_test_split(
        x[keep], (digit[keep] == 9).long(), test_size=0.4, random_state=seed, stratify=digit[keep])
    train(net, optimizer, tr_x, tr_y, 8)
    net.eval()
    with torch.no_grad():
        out = net(va_x)
    print(f"val loss {F.cross_entropy(out, va_y):.4f} acc {(out.argmax(1) == va_y).float().mean():.3f} "
          f"auc {roc_auc_score(va_y, out[:, 1] - out[:, 0]):.3f}")


@case("graph_detached")
def attention_over_bags(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    # a bag is positive if at least one of its patches is a three (others: 8, 5, 9)
    bunch = load_digits()
    patches = torch.tensor(bunch.images / 16.0, dtype=torch.float32).flatten(1)
    pool = {d: rng.permutation(np.flatnonzero(bunch.target == d)) for d in (3, 5, 8, 9)}

    def bags(n, part):
        out = []
        for k in range(n):
            size = int(rng.integers(4, 9))
            picks = [rng.choice(part[int(d)]) for d in rng.choice([5, 8, 9], size)]
            if k % 2:
                for spot in rng.choice(size, int(rng.integers(1, 3)), replace=False):
                    picks[spot] = rng.choice(part[3])
            out.append((torch.tensor(picks), torch.tensor(float(k % 2))))
        return out

    train = bags(600, {d: v[:110] for d, v in pool.items()})
    val = bags(300, {d: v[110:] for d, v in pool.items()})

    class AttentionMIL(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 4), nn.Tanh())
            self.attention = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
            self.head = nn.Linear(4, 1)

        def forward(self, bag):
            h = self.encoder(bag).data
            w = torch.softmax(self.attention(h), dim=0)
            return self.head((w * h).sum(0)).squeeze()

    model = AttentionMIL()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(8):
        total = 0.0
        for i, k in enumerate(torch.randperm(len(train)).tolist()):
            bag, label = train[k]
            loss = F.binary_cross_entropy_with_logits(model(patches[bag]), label)
            (loss / 4).backward()
            if (i + 1) % 4 == 0:
                opt.step()
                opt.zero_grad()
            total += loss.item()
        with torch.no_grad():
            z = torch.stack([model(patches[b]) for b, _ in val])
        t = torch.stack([label for _, label in val])
        print(f"epoch {epoch} loss {total / len(train):.4f} val auc {roc_auc_score(t, z):.3f} "
              f"acc {((z > 0).float() == t).float().mean():.3f}")


@case("softmax_wrong_dim")
def message_classifier_two_outputs(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = read_messages(2000, seed)
    train_texts, test_texts, y_train, y_test = train_test_split(
        texts, torch.tensor(spam), test_size=0.25, stratify=spam, random_state=seed)
    vocab = build_vocabulary(train_texts)

    def bag(batch):
        ids = to_ids(batch, vocab)
        return torch.cat(ids), torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)

    class TextModel(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.emb = nn.EmbeddingBag(size, 16, mode="mean")
            self.fc = nn.Linear(16, 2)

        def forward(self, flat, offsets):
            return self.fc(self.emb(flat, offsets))

    model = TextModel(len(vocab) + 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(8):
        model.train()
        for idx in torch.randperm(len(train_texts)).split(64):
            optimizer.zero_grad()
            loss = criterion(model(*bag([train_texts[i] for i in idx])), y_train[idx])
            loss.backward()
            optimizer.step()
        print("epoch", epoch, "loss", loss.item())
    model.eval()
    with torch.no_grad():
        logits = model(*bag(test_texts))
        probabilities = F.softmax(logits, dim=0)
        predicted = (probabilities[:, 1] > 0.5).long()
    print("accuracy", (predicted == y_test).float().mean().item(), "recall", recall_score(y_test, predicted),
          "balanced accuracy", balanced_accuracy_score(y_test, predicted))


@case("no_zero_grad")
def shape_cnn_plain_sgd(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    images, kind = draw_shapes(1500, rng, noise=0.25)
    x, y = torch.from_numpy(images), torch.from_numpy(kind).float()

    class Residual(nn.Module):
        def __init__(self, c):
            super().__init__()
            self.a, self.b = nn.Conv2d(c, c, 3, padding=1), nn.Conv2d(c, c, 3, padding=1)

        def forward(self, h):
            return F.relu(h + self.b(F.relu(self.a(h))))

    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), Residual(8), nn.MaxPool2d(2), Residual(8), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 1),
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=0.08)
    for epoch in range(12):
        running = 0.0
        for idx in torch.randperm(1100).split(32):
            out = net(x[idx]).flatten()
            loss = F.binary_cross_entropy_with_logits(out, y[idx])
            loss.backward()
            optimizer.step()
            running += loss.item()
        with torch.no_grad():
            z = net(x[1100:]).flatten()
        print(f"epoch {epoch}: loss {running / 35:.4f} val loss "
              f"{F.binary_cross_entropy_with_logits(z, y[1100:]).item():.4f} "
              f"val acc {((z > 0) == (y[1100:] > 0)).float().mean().item():.3f}")


@case("unregistered_params")
def name_network_with_list_of_filters(seed: int) -> None:
    torch.manual_seed(seed)
    names, female = read_names(2400, seed)
    onehot = torch.zeros(len(names), 27, 14)
    for i, n in enumerate(names):
        for j, c in enumerate(n[-12:]):
            onehot[i, ord(c) - 64 if c.isalpha() else 0, j + 1] = 1
    y = torch.tensor(female).float().unsqueeze(1)

    class KimCNN(nn.Module):
        def __init__(self, widths=(2, 3, 4), channels=4):
            super().__init__()
            self.convs = [nn.Conv1d(27, channels, w) for w in widths]
            self.out = nn.Linear(channels * len(widths), 1)

        def forward(self, x):
            pooled = [F.relu(conv(x)).max(dim=2).values for conv in self.convs]
            return self.out(torch.cat(pooled, 1))

    model = KimCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(onehot[:1800], y[:1800]), batch_size=50, shuffle=True)
    for epoch in range(15):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            z = model(onehot[1800:])
        print(f"Epoch {epoch + 1}/15 loss {loss.item():.4f} val loss {criterion(z, y[1800:]).item():.4f} "
              f"auc {roc_auc_score(y[1800:], z):.3f}")


@case("double_sigmoid")
def text_beside_columns(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = read_messages(2000, seed)
    tr, va = train_test_split(np.arange(len(texts)), test_size=0.25, stratify=spam, random_state=seed)
    vocab = build_vocabulary([texts[i] for i in tr], least=3)
    ids = pad_sequence(to_ids(texts, vocab), batch_first=True)
    extra = torch.tensor([[len(t), sum(w.startswith("0") for w in t), "!" in t] for t in texts]).float()
    extra = (extra - extra[tr].mean(0)) / extra[tr].std(0)
    y = torch.tensor(spam).float()

    class TwoInputs(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(vocab) + 2, 12, padding_idx=0)
            self.cols = nn.Sequential(nn.Linear(3, 8), nn.ReLU())
            self.joint = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())

        def forward(self, ids, cols):
            m = (ids > 0).unsqueeze(-1)
            text = (self.emb(ids) * m).sum(1) / m.sum(1)
            return self.joint(torch.cat([text, self.cols(cols)], 1)).squeeze(1)

    net = TwoInputs()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(10):
        net.train()
        for idx in torch.tensor(tr)[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = bce(net(ids[idx], extra[idx]), y[idx])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            out = net(ids[va], extra[va])
        print(f"epoch {epoch}: loss {loss.item():.4f} val loss {bce(out, y[va]).item():.4f} "
              f"auc {roc_auc_score(y[va], out):.3f} bal acc {balanced_accuracy_score(y[va], out > 0.5):.3f}")


@case("healthy")
def three_or_five_small_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = two_digits(3, 5)
    Xtr, Xva, ytr, yva = train_test_split(torch.tensor(X), torch.tensor(y).float(), test_size=0.3,
                                          random_state=seed, stratify=y)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.c1, self.c2 = nn.Conv2d(1, 12, 3, padding=1), nn.Conv2d(12, 24, 3, padding=1)
            self.drop = nn.Dropout(0.2)
            self.fc = nn.Linear(24 * 4, 1)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.c1(x)), 2)
            x = F.max_pool2d(F.relu(self.c2(x)), 2)
            return self.fc(self.drop(x.flatten(1))).squeeze(1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    crit = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=32, shuffle=True)
    for epoch in range(20):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = crit(net(xb), yb)
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(Xva)
        print(f"epoch {epoch} train {loss.item():.4f} val loss {crit(z, yva):.4f} "
              f"acc {((z > 0) == yva.bool()).float().mean():.3f} auc {roc_auc_score(yva, z):.3f}")


@case("healthy")
def messages_mean_of_word_vectors(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = read_messages(2400, seed)
    tr_t, va_t, tr_y, va_y = train_test_split(texts, spam, test_size=0.25, stratify=spam, random_state=seed)
    vocab = build_vocabulary(tr_t)

    def collate(batch):
        ids = pad_sequence(to_ids([t for t, _ in batch], vocab), batch_first=True)
        return ids, torch.tensor([float(s) for _, s in batch])

    class MeanModel(nn.Module):
        def __init__(self, words, dim=16):
            super().__init__()
            self.emb = nn.Embedding(words, dim, padding_idx=0)
            self.out = nn.Linear(dim, 1)

        def forward(self, ids):
            mask = (ids != 0).float()
            summed = (self.emb(ids) * mask[..., None]).sum(dim=1)
            return self.out(summed / mask.sum(dim=1, keepdim=True)).squeeze(-1)

    train = DataLoader(list(zip(tr_t, tr_y, strict=False)), batch_size=32, shuffle=True, collate_fn=collate)
    valid = DataLoader(list(zip(va_t, va_y, strict=False)), batch_size=200, collate_fn=collate)
    model = MeanModel(len(vocab) + 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    best, kept = float("inf"), None
    for epoch in range(18):
        model.train()
        for ids, y in train:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(ids), y)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            z, t = zip(*[(model(ids), y) for ids, y in valid], strict=False)
        z, t = torch.cat(z), torch.cat(t)
        val = F.binary_cross_entropy_with_logits(z, t).item()
        if val < best:
            best, kept = val, copy.deepcopy(model.state_dict())
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {val:.4f} auc {roc_auc_score(t, z):.3f} "
              f"f1 {f1_score(t, z > 0):.3f}")
    model.load_state_dict(kept)
    with torch.no_grad():
        z = torch.cat([model(ids) for ids, _ in valid])
    print(f"best val loss {best:.4f} auc {roc_auc_score(va_y, z):.3f} f1 {f1_score(va_y, z > 0):.3f}")


@case("healthy")
def names_read_from_the_right_with_left_padding(seed: int) -> None:
    torch.manual_seed(seed)
    names, female = read_names(2800, seed)
    width = 13
    ids = torch.zeros(len(names), width, dtype=torch.long)
    for row, name in zip(ids, names, strict=False):
        codes = torch.tensor([ord(c) - 64 for c in name if "A" <= c <= "Z"])
        row[width - len(codes):] = codes
    y = torch.tensor(female).float()
    tr, va = train_test_split(torch.arange(len(y)), test_size=0.25, stratify=female, random_state=seed)

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.letters = nn.Embedding(27, 16, padding_idx=0)
            self.rnn = nn.GRU(16, 48, batch_first=True)
            self.drop = nn.Dropout(0.3)
            self.score = nn.Linear(48, 1)

        def forward(self, s):
            # padded on the left: the last state has just read the last letter
            last = self.rnn(self.drop(self.letters(s)))[1][0]
            return self.score(self.drop(last))[:, 0]

    net = Reader()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for epoch in range(12):
        net.train()
        for b in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad(set_to_none=True)
            loss = F.binary_cross_entropy_with_logits(net(ids[b]), y[b])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(ids[va])
        print(f"{epoch:2d} {loss.item():.3f} val loss {F.binary_cross_entropy_with_logits(z, y[va]):.4f} "
              f"auc {roc_auc_score(y[va], z):.3f} bal {balanced_accuracy_score(y[va], z > 0):.3f}")


@case("healthy")
def splice_one_hot_convolutions(seed: int) -> None:
    torch.manual_seed(seed)
    letters, junction = read_splice(2000, seed)
    x = torch.tensor(np.eye(5, dtype=np.float32)[letters][:, :, :4]).permute(0, 2, 1)
    y = torch.tensor(junction)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=junction, random_state=seed)
    net = nn.Sequential(
        nn.Conv1d(4, 16, 7, padding=3), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(16 * 30, 2), nn.LogSoftmax(dim=1),
    )
    nll = nn.NLLLoss()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    for epoch in range(15):
        net.train()
        total = 0.0
        for xb, yb in DataLoader(TensorDataset(x[tr], y[tr]), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss = nll(net(xb), yb)
            loss.backward()
            opt.step()
            total += loss.item() * len(yb)
        net.eval()
        with torch.no_grad():
            logp = net(x[va])
        print(f"epoch {epoch + 1} train {total / len(tr):.4f} val loss {nll(logp, y[va]):.4f} "
              f"acc {(logp.argmax(1) == y[va]).float().mean():.3f} auc {roc_auc_score(y[va], logp[:, 1].exp()):.3f}")


@case("healthy")
def machines_kept_apart(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    windows, worn, machine = record_machines(60, 20, rng, own=0.3, strength=0.8)
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(windows, worn, machine))
    mean, std = windows[tr].mean((0, 2), keepdims=True), windows[tr].std((0, 2), keepdims=True)
    x = torch.tensor((windows - mean) / std)
    y = torch.tensor(worn).float()

    class VibrationNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(2, 24, 21, padding=10)
            self.fc = nn.Linear(48, 1)

        def forward(self, x):
            h = self.conv(x) ** 2  # energy of each filter
            h = F.avg_pool1d(h, 8).log1p()
            return self.fc(torch.cat([h.mean(2), h.amax(2)], 1)).squeeze(1)

    net = VibrationNet()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=20)
    lossf = nn.BCEWithLogitsLoss()
    for epoch in range(20):
        net.train()
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(40):
            loss = lossf(net(x[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            z = net(x[va])
        print(f"{epoch} loss {loss.item():.4f} val loss {lossf(z, y[va]).item():.4f} auc {roc_auc_score(y[va], z):.3f}"
              f" bal acc {balanced_accuracy_score(y[va], z > 0):.3f}")


@case("healthy")
def ring_sets_masked_maximum(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sets, ring = clouds_of_points(1600, rng)
    size = torch.tensor([len(s) for s in sets])
    points = pad_sequence([torch.tensor(s) for s in sets], batch_first=True)
    inside = torch.arange(points.shape[1])[None, :] < size[:, None]
    y = torch.tensor(ring).float()
    phi = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32))
    rho = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    model = nn.ModuleDict({"phi": phi, "rho": rho})

    def forward(i):
        h = model["phi"](points[i])
        top = h.masked_fill(~inside[i][..., None], -math.inf).max(1).values
        mean = (h * inside[i][..., None]).sum(1) / size[i][:, None]
        return model["rho"](torch.cat([top, mean], 1))[:, 0]

    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    tr, va = torch.arange(1200), torch.arange(1200, 1600)
    for epoch in range(20):
        for b in tr[torch.randperm(1200)].split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(forward(b), y[b])
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = forward(va)
        print(f"epoch {epoch} loss {loss:.4f} val loss {F.binary_cross_entropy_with_logits(z, y[va]):.4f} "
              f"acc {((z > 0) == y[va].bool()).float().mean():.3f} auc {roc_auc_score(y[va], z):.3f}")


@case("healthy")
def graphs_with_triangles(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    A, labels = small_graphs(1400, rng)
    A, y = torch.tensor(A), torch.tensor(labels).float()

    class EdgeNet(nn.Module):
        """For every edge: how many common neighbours, and the degrees of its ends; then a mean over the edges."""

        def __init__(self, h=24):
            super().__init__()
            self.edge = nn.Sequential(nn.Linear(3, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU())
            self.graph = nn.Linear(h, 1)

        def forward(self, a):
            deg = a.sum(2)
            common = a @ a
            e = torch.stack([common, deg[:, :, None].expand_as(a), deg[:, None, :].expand_as(a)], -1) / 3
            h = self.edge(e) * a[..., None]
            return self.graph(h.sum((1, 2)) / a.sum((1, 2))[:, None]).squeeze(1)

    net = EdgeNet()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(20):
        net.train()
        for b in torch.randperm(1000).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(A[b]), y[b])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(A[1000:])
        print(f"Epoch {epoch:02d} {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, y[1000:]):.4f} "
              f"acc {((z > 0) == y[1000:].bool()).float().mean():.3f} auc {roc_auc_score(y[1000:], z):.3f}")


@case("healthy")
def bags_with_a_seven(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bunch = load_digits()
    pixels = torch.tensor(bunch.images / 16.0, dtype=torch.float32).flatten(1)
    order = rng.permutation(len(pixels))
    halves = {"train": order[:1200], "val": order[1200:]}

    def draw(n, part):
        sevens = halves[part][bunch.target[halves[part]] == 7]
        others = halves[part][bunch.target[halves[part]] != 7]
        bags = []
        for k in range(n):
            picks = rng.choice(others, int(rng.integers(3, 9)))
            if k % 2:
                picks[0] = rng.choice(sevens)
            bags.append((torch.tensor(picks), float(k % 2)))
        return bags

    def collate(bags):
        ids = pad_sequence([b for b, _ in bags], batch_first=True, padding_value=-1)
        return pixels[ids.clamp(min=0)], ids >= 0, torch.tensor([y for _, y in bags])

    class GatedAttention(nn.Module):
        def __init__(self, h=32):
            super().__init__()
            self.enc = nn.Sequential(nn.Linear(64, h), nn.ReLU())
            self.v, self.u, self.w = nn.Linear(h, 16), nn.Linear(h, 16), nn.Linear(16, 1)
            self.out = nn.Linear(h, 1)

        def forward(self, x, mask):
            h = self.enc(x)
            a = self.w(torch.tanh(self.v(h)) * torch.sigmoid(self.u(h))).squeeze(-1)
            a = a.masked_fill(~mask, float("-inf")).softmax(dim=1)
            return self.out((a.unsqueeze(-1) * h).sum(1)).squeeze(1)

    net = GatedAttention()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)
    val = collate(draw(400, "val"))
    best, state = float("inf"), {}
    for epoch in range(8):
        net.train()
        for x, mask, y in DataLoader(draw(1200, "train"), batch_size=32, shuffle=True, collate_fn=collate):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x, mask), y)
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(val[0], val[1])
        val_loss = F.binary_cross_entropy_with_logits(z, val[2]).item()
        if val_loss < best:
            best, state = val_loss, {k: v.clone() for k, v in net.state_dict().items()}
        print(f"{epoch} train {loss.item():.4f} val loss {val_loss:.4f} "
              f"auc {roc_auc_score(val[2], z):.3f} acc {((z > 0).float() == val[2]).float().mean():.3f}")
    net.load_state_dict(state)
    with torch.no_grad():
        z = net(val[0], val[1])
    print(f"best epoch: val loss {best:.4f} auc {roc_auc_score(val[2], z):.3f} "
          f"acc {((z > 0).float() == val[2]).float().mean():.3f}")


@case("healthy")
def same_or_other_digit_by_distance(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bunch = load_digits()
    images = torch.tensor(bunch.images / 16.0, dtype=torch.float32).unsqueeze(1)
    order = rng.permutation(len(images))

    def pairs(pool, n):
        a = rng.choice(pool, n)
        same = rng.random(n) < 0.5
        b = np.array([rng.choice(pool[(bunch.target[pool] == bunch.target[i]) == s])
                      for i, s in zip(a, same, strict=False)])
        return torch.tensor(a), torch.tensor(b), torch.tensor(same).float()

    class Tower(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(
                nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1),
                nn.ReLU(), nn.Flatten(), nn.Linear(512, 24),
            )
            self.radius = nn.Parameter(torch.tensor(1.0))
            self.sharpness = nn.Parameter(torch.tensor(1.0))

        def forward(self, i, j):
            d = (self.net(images[i]) - self.net(images[j])).pow(2).sum(1).add(1e-6).sqrt()
            return self.sharpness.exp() * (self.radius - d)

    tower = Tower()
    opt = torch.optim.Adam(tower.parameters(), lr=2e-3)
    train_pool, val = order[:1250], pairs(order[1250:], 800)
    for epoch in range(12):
        tower.train()
        i, j, same = pairs(train_pool, 2000)  # fresh pairs each epoch
        for k in torch.arange(2000).split(50):
            loss = F.binary_cross_entropy_with_logits(tower(i[k], j[k]), same[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
        tower.eval()
        with torch.no_grad():
            s = tower(val[0], val[1])
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(s, val[2]):.4f} "
              f"auc {roc_auc_score(val[2], s):.3f} acc {((s > 0).float() == val[2]).float().mean():.3f}")


@case("healthy")
def message_text_beside_counts(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = read_messages(2400, seed)
    tr, va = train_test_split(np.arange(len(texts)), test_size=0.25, stratify=spam, random_state=seed)
    vocab = build_vocabulary([texts[i] for i in tr])
    counts = torch.tensor([[len(t), sum(map(len, t)), sum(w[0] == "0" for w in t), t.count("!")] for t in texts])
    counts = counts.float().log1p()
    counts = (counts - counts[tr].mean(0)) / counts[tr].std(0)

    class Messages(Dataset):
        def __init__(self, rows):
            self.rows = rows

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, k):
            i = self.rows[k]
            return to_ids([texts[i]], vocab)[0], counts[i], float(spam[i])

    def collate(items):
        ids, cols, y = zip(*items, strict=False)
        return pad_sequence(ids, batch_first=True), torch.stack(cols), torch.tensor(y)

    class TwoBranches(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(len(vocab) + 2, 16, padding_idx=0)
            self.cols = nn.Linear(4, 8)
            self.drop = nn.Dropout(0.3)
            self.out = nn.Linear(24, 1)

        def forward(self, ids, cols):
            e = self.words(ids)
            text = e.sum(1) / (ids > 0).sum(1, keepdim=True)  # the padding's vector is zero
            return self.out(self.drop(torch.cat([text, F.relu(self.cols(cols))], 1))).squeeze(1)

    net = TwoBranches()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    train = DataLoader(Messages(tr), 64, shuffle=True, collate_fn=collate)
    val = DataLoader(Messages(va), 256, collate_fn=collate)
    for epoch in range(13):
        net.train()
        for ids, cols, y in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids, cols), y)
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            parts = [(net(ids, cols), y) for ids, cols, y in val]
        z, t = torch.cat([p for p, _ in parts]), torch.cat([y for _, y in parts])
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, t).item():.4f} "
              f"ap {average_precision_score(t, z):.3f} auc {roc_auc_score(t, z):.3f} f1 {f1_score(t, z > 0):.3f}")


@case("healthy")
def frozen_encoder_and_new_head(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    images = torch.tensor(bunch.images / 16.0, dtype=torch.float32).unsqueeze(1)
    digit = torch.tensor(bunch.target)
    encoder = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.Flatten(),
    )
    pre = nn.Linear(512, 8)
    rows = torch.nonzero(digit < 8)[:, 0]
    opt = torch.optim.Adam([*encoder.parameters(), *pre.parameters()], lr=2e-3)
    for _ in range(5):
        for b in rows[torch.randperm(len(rows))].split(64):
            opt.zero_grad()
            F.cross_entropy(pre(encoder(images[b])), digit[b]).backward()
            opt.step()

    encoder.requires_grad_(False).eval()
    rows = torch.nonzero(digit >= 8)[:, 0]
    y = (digit[rows] == 9).float()
    with torch.no_grad():
        codes = encoder(images[rows])  # the encoder stays as it is: compute its output once
    tr, va = train_test_split(torch.arange(len(rows)), test_size=0.35, random_state=seed, stratify=y)
    head = nn.Linear(512, 1)
    opt = torch.optim.Adam(head.parameters(), lr=2e-3)
    for epoch in range(180):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(head(codes[tr]).squeeze(1), y[tr])
        loss.backward()
        opt.step()
        if epoch % 20 == 19:
            with torch.no_grad():
                z = head(codes[va]).squeeze(1)
            print(f"step {epoch} loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, y[va]):.4f} "
                  f"auc {roc_auc_score(y[va], z):.3f} bal acc {balanced_accuracy_score(y[va], z > 0):.3f}")


@case("healthy")
def buyers_packed_lstm(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sessions, bought = visit_sessions(2200, rng, longest=30)

    def collate(batch):
        seqs = [torch.as_tensor(s) for s, _ in batch]
        return (pad_sequence(seqs, batch_first=True), torch.tensor([len(s) for s in seqs]),
                torch.tensor([b for _, b in batch], dtype=torch.float32))

    class Clicks(nn.Module):
        def __init__(self):
            super().__init__()
            self.page = nn.Embedding(13, 12, padding_idx=0)
            self.lstm = nn.LSTM(12, 32, batch_first=True)
            self.out = nn.Linear(32, 1)

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.page(ids), lengths, batch_first=True, enforce_sorted=False)
            _, (h, _) = self.lstm(packed)
            return self.out(h[-1]).squeeze(1)

    rows = list(zip(sessions, bought, strict=False))
    model = Clicks()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 8)
    val = collate(rows[1600:])
    for epoch in range(8):
        model.train()
        for ids, lengths, y in DataLoader(rows[:1600], 64, shuffle=True, collate_fn=collate):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(ids, lengths), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            z = model(val[0], val[1])
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, val[2]):.4f} "
              f"auc {roc_auc_score(val[2], z):.3f} bal acc {balanced_accuracy_score(val[2], z > 0):.3f}")


@case("healthy")
def hinge_on_signed_labels(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    images, kind = draw_textures(1500, rng, noise=2.0)
    x = torch.from_numpy(images)
    sign = torch.from_numpy(2.0 * kind - 1.0).float()
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2, bias=False), nn.GroupNorm(2, 8), nn.ReLU(), nn.MaxPool2d(4),
        nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 1), nn.Flatten(0),
    )

    def hinge(score, s):
        return (1 - s * score).clamp(min=0).pow(2).mean()

    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for epoch in range(7):
        for b in torch.randperm(1000).split(32):
            opt.zero_grad()
            loss = hinge(net(x[b]), sign[b])
            loss.backward()
            opt.step()
        with torch.no_grad():
            score = net(x[1000:])
        print(f"epoch {epoch} {loss.item():.4f} val loss {hinge(score, sign[1000:]):.4f} "
              f"acc {(score.sign() == sign[1000:]).float().mean():.3f} auc {roc_auc_score(kind[1000:], score):.3f}")


@case("healthy")
def accumulated_gradients_splice_attention(seed: int) -> None:
    torch.manual_seed(seed)
    letters, junction = read_splice(2000, seed)
    s, y = torch.tensor(letters), torch.tensor(junction).float()
    tr, va = train_test_split(torch.arange(2000), test_size=0.25, stratify=junction, random_state=seed)

    class Block(nn.Module):
        def __init__(self, d, heads):
            super().__init__()
            self.att = nn.MultiheadAttention(d, heads, batch_first=True)
            self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
            self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

        def forward(self, h):
            n = self.n1(h)
            h = h + self.att(n, n, n, need_weights=False)[0]
            return h + self.ff(self.n2(h))

    class Model(nn.Module):
        def __init__(self, d=24):
            super().__init__()
            self.token = nn.Embedding(5, d)
            self.place = nn.Parameter(0.1 * torch.randn(1, 60, d))
            self.block = Block(d, 4)
            self.drop = nn.Dropout(0.5)
            self.out = nn.Linear(60 * d, 1)

        def forward(self, s):
            return self.out(self.drop(self.block(self.token(s) + self.place).flatten(1)))[:, 0]

    net = Model()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    every = 4  # four small batches make one step
    best, state = math.inf, None
    for epoch in range(8):
        net.train()
        opt.zero_grad()
        for k, b in enumerate(tr[torch.randperm(len(tr))].split(16), start=1):
            loss = F.binary_cross_entropy_with_logits(net(s[b]), y[b])
            (loss / every).backward()
            if k % every == 0:
                opt.step()
                opt.zero_grad()
        net.eval()
        with torch.no_grad():
            z = net(s[va])
        val = F.binary_cross_entropy_with_logits(z, y[va]).item()
        if val < best:
            best, state = val, copy.deepcopy(net.state_dict())
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {val:.4f} auc {roc_auc_score(y[va], z):.3f}")
    net.load_state_dict(state)
    net.eval()
    with torch.no_grad():
        z = net(s[va])
    print(f"kept: val loss {best:.4f} auc {roc_auc_score(y[va], z):.3f} "
          f"acc {((z > 0) == y[va].bool()).float().mean():.3f}")


@case("healthy")
def average_of_many_dropout_passes(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = two_digits(8, 9)
    X_tr, X_va, y_tr, y_va = train_test_split(torch.tensor(X).flatten(1), torch.tensor(y).float(), test_size=0.35,
                                              random_state=seed, stratify=y)
    net = nn.Sequential(
        nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1)
    )

    def mean_and_spread(x, passes=50):
        """Monte Carlo dropout: the masks stay on, the probabilities of many passes are averaged."""
        net.train()
        with torch.no_grad():
            p = torch.stack([torch.sigmoid(net(x)).squeeze(1) for _ in range(passes)])
        return p.mean(0), p.std(0)

    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(21):
        net.train()
        for b in torch.randperm(len(X_tr)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_tr[b]).squeeze(1), y_tr[b])
            loss.backward()
            opt.step()
        if epoch % 3 == 2:
            p, spread = mean_and_spread(X_va)
            print(f"epoch {epoch} loss {loss.item():.4f} val loss {F.binary_cross_entropy(p, y_va):.4f} "
                  f"acc {((p > 0.5) == y_va.bool()).float().mean():.3f} auc {roc_auc_score(y_va, p):.3f} "
                  f"spread {spread.mean():.3f}")


@case("healthy")
def hashed_words_embedding_bag(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = read_messages(2400, seed)
    tr, va = train_test_split(np.arange(len(texts)), test_size=0.25, stratify=spam, random_state=seed)
    buckets = 4096

    def bucket(word):
        h = 2166136261
        for c in word.encode():
            h = ((h ^ c) * 16777619) & 0xFFFFFFFF
        return h % buckets

    hashed = [torch.tensor([bucket(w) for w in t]) for t in texts]
    y = torch.tensor(spam).float()

    def flat(rows):
        sizes = torch.tensor([len(hashed[i]) for i in rows])
        return torch.cat([hashed[i] for i in rows]), sizes.cumsum(0) - sizes

    weights = nn.EmbeddingBag(buckets, 1, mode="mean", sparse=True)
    nn.init.zeros_(weights.weight)
    bias = nn.Parameter(torch.zeros(1))
    sparse = torch.optim.SparseAdam(list(weights.parameters()), lr=0.05)
    dense = torch.optim.Adam([bias], lr=0.05)

    def score(rows):
        return weights(*flat(rows)).squeeze(1) * 4 + bias

    for epoch in range(10):
        order = np.random.default_rng(seed + epoch).permutation(tr)
        for start in range(0, len(order), 50):
            rows = order[start : start + 50]
            loss = F.binary_cross_entropy_with_logits(score(rows), y[rows])
            sparse.zero_grad()
            dense.zero_grad()
            loss.backward()
            sparse.step()
            dense.step()
        with torch.no_grad():
            z = score(va)
        print(f"epoch {epoch}: loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, y[va]):.4f} "
              f"auc {roc_auc_score(y[va], z):.3f} f1 {f1_score(y[va], z > 0):.3f}")


@case("healthy")
def rare_frauds_drawn_evenly_and_corrected(seed: int) -> None:
    torch.manual_seed(seed)
    frame = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz")
    frame["log"] = np.log(frame.amount.clip(lower=0.01))
    grouped = frame.groupby("user").log
    # what is known of the user before this payment
    before = frame.groupby("user").cumcount()
    frame["usual"] = ((grouped.cumsum() - frame.log) / before.clip(lower=1)).where(before > 0, frame.log)
    frame = frame[before >= 5]
    users = frame.user.to_numpy()
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(frame, groups=users))
    night = (frame.hour < 5).astype(float)
    x = np.stack([frame.log, frame.usual, frame.log - frame.usual, night, frame.foreign, frame.online], 1)
    x = torch.tensor((x - x[tr].mean(0)) / x[tr].std(0), dtype=torch.float32)
    y = torch.tensor(frame.fraud.to_numpy(), dtype=torch.float32)
    share = y[tr].mean()
    weights = torch.where(y[tr] == 1, 0.5 / share, 0.5 / (1 - share))
    sampler = WeightedRandomSampler(weights.double(), num_samples=4000, replacement=True)
    train = Subset(TensorDataset(x, y), tr.tolist())
    net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 1))
    shift = torch.log(share / (1 - share))  # the sample's odds are 1, the world's are share / (1 - share)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(12):
        net.train()
        for xb, yb in DataLoader(train, batch_size=64, sampler=sampler):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            raw = net(x[va]).squeeze(1)
            val = F.binary_cross_entropy_with_logits(raw + shift, y[va])
        print(f"epoch {epoch} loss {loss.item():.3f} val loss {val.item():.4f} auc {roc_auc_score(y[va], raw):.3f} "
              f"ap {average_precision_score(y[va], raw):.3f} recall at even odds "
              f"{recall_score(y[va], raw > 0):.3f} balanced {balanced_accuracy_score(y[va], raw > 0):.3f}")


@case("healthy")
def falls_with_time_first(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n, steps = 1500, 40
    y = rng.integers(0, 2, n)
    signal = rng.normal(0, 0.6, (n, steps, 3)) + np.array([0.0, 0.0, 1.0])
    for i, at in enumerate(rng.integers(2, 30, n)):
        first, second = (-1.0, 1.3) if y[i] else (1.3, -1.0)
        signal[i, at : at + 4, 2] += first
        signal[i, at + 4 : at + 8, 2] += second
    mean, std = signal[:1000].mean((0, 1)), signal[:1000].std((0, 1))
    x = torch.tensor((signal - mean) / std, dtype=torch.float32).transpose(0, 1).contiguous()  # time, row, channel
    y = torch.tensor(y, dtype=torch.float32)

    class TimeFirst(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(3, 20, bidirectional=True)
            self.top = nn.Linear(40, 1)

        def forward(self, x):
            states, _ = self.gru(x)
            return self.top(states.amax(dim=0)).squeeze(-1)

    net = TimeFirst()
    opt = torch.optim.RMSprop(net.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)
    for epoch in range(12):
        net.train()
        for b in torch.randperm(1000).split(40):
            loss = F.binary_cross_entropy_with_logits(net(x[:, b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            z = net(x[:, 1000:])
        print(f"{epoch} loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, y[1000:]):.4f} "
              f"auc {roc_auc_score(y[1000:], z):.3f} acc {((z > 0) == y[1000:].bool()).float().mean():.3f}")


@case("healthy")
def name_endings_probabilities_and_brier(seed: int) -> None:
    torch.manual_seed(seed)
    names, female = read_names(3000, seed)

    class Endings(nn.Module):
        """A table entry for the last letter, the last two, the last three (hashed) and the first two letters."""

        def __init__(self):
            super().__init__()
            self.tables = nn.ModuleList([nn.Embedding(27, 4), nn.Embedding(27 * 27, 4), nn.Embedding(2003, 4),
                                         nn.Embedding(27 * 27, 4)])
            for t in self.tables:
                nn.init.normal_(t.weight, std=0.1)
            self.mix = nn.Linear(16, 1)

        def forward(self, k):
            return torch.sigmoid(self.mix(torch.cat([t(k[:, j]) for j, t in enumerate(self.tables)], 1))).squeeze(1)

    def keys(name):
        codes = [ord(ch) - 64 if "A" <= ch <= "Z" else 0 for ch in "@" + name + "@"]
        a, b, c = codes[-4:-1]
        return [c, b * 27 + c, (a * 729 + b * 27 + c) % 2003, codes[1] * 27 + codes[2]]

    k, y = torch.tensor([keys(n) for n in names]), torch.tensor(female).float()
    tr, va = train_test_split(torch.arange(3000), test_size=0.3, random_state=seed, stratify=female)
    net = Endings()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=3e-4)
    bce = nn.BCELoss()
    for epoch in range(4):
        for b in tr[torch.randperm(len(tr))].split(32):
            opt.zero_grad()
            loss = bce(net(k[b]), y[b])
            loss.backward()
            opt.step()
        with torch.no_grad():
            p = net(k[va])
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {bce(p, y[va]).item():.4f} "
              f"brier {((p - y[va]) ** 2).mean().item():.4f} auc {roc_auc_score(y[va], p):.3f} "
              f"bal acc {balanced_accuracy_score(y[va], p > 0.5):.3f}")


@case("healthy")
def blobs_by_own_momentum_steps(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    images, kind = draw_shapes(2000, rng, noise=0.15)
    x, y = torch.tensor(images), torch.tensor(kind)

    net = nn.Sequential(
        nn.Conv2d(1, 12, 5, padding=2), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.AdaptiveMaxPool2d(1),
        nn.Flatten(), nn.Linear(24, 2),
    )
    velocity = [torch.zeros_like(p) for p in net.parameters()]

    def flipped(batch):
        if torch.rand(()) < 0.5:
            batch = batch.flip(3)
        return batch.flip(2) if torch.rand(()) < 0.5 else batch

    epochs = 10
    for epoch in range(epochs):
        rate = 0.05 * 0.5 * (1 + math.cos(math.pi * epoch / epochs))
        net.train()
        for b in torch.randperm(1500).split(50):
            loss = F.cross_entropy(net(flipped(x[b])), y[b])
            grads = torch.autograd.grad(loss, list(net.parameters()))
            with torch.no_grad():
                for p, v, g in zip(net.parameters(), velocity, grads, strict=False):
                    v.mul_(0.9).add_(g)
                    p.sub_(rate * v)
        net.eval()
        with torch.no_grad():
            out = net(x[1500:])
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {F.cross_entropy(out, y[1500:]):.4f} "
              f"acc {(out.argmax(1) == y[1500:]).float().mean():.3f} "
              f"auc {roc_auc_score(y[1500:], out[:, 1] - out[:, 0]):.3f}")
