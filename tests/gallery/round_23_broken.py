"""Broken programs whose batches hold rows of different lengths, or lie in another layout than rows by columns."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, TensorDataset, WeightedRandomSampler

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"

# ------------------------------------------------------------------ data that several scripts share


def messages(seed, rows=1400):
    table = load("sms_spam")
    pick = np.random.default_rng(seed).permutation(len(table.labels))[:rows]
    return [str(table.features["text"].iloc[i]) for i in pick], np.asarray(table.labels)[pick].astype(int)


def first_names(seed, rows=2000):
    frame = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    frame = frame.sort_values("percent", ascending=False).drop_duplicates("name").sample(rows, random_state=seed)
    return frame["name"].str.lower().tolist(), (frame["list"] == "F").to_numpy().astype(int)


def splice_letters(seed, rows=1200):
    frame = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence").sample(rows, random_state=seed)
    return frame["sequence"].tolist(), frame["is_junction"].to_numpy().astype(int)


GOOD = ["great", "lovely", "superb", "tasty", "friendly", "fresh", "perfect", "charming"]
BAD = ["awful", "bland", "rude", "stale", "slow", "greasy", "cold", "noisy"]
FILL = ["the", "food", "was", "and", "we", "had", "a", "table", "by", "window", "service", "waiter", "evening",
    "soup", "fish", "with", "then", "after", "also", "order"]


def restaurant_reviews(seed, rows=1200, agree=0.85):
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(rows):
        label = int(rng.integers(2))
        words = list(rng.choice(FILL, rng.integers(5, 28)))
        for _ in range(rng.integers(2, 5)):
            praise = (rng.random() < agree) == bool(label)
            negated = rng.random() < 0.25
            place = int(rng.integers(len(words) + 1))
            words[place:place] = (["not"] if negated else []) + [rng.choice(GOOD if praise != negated else BAD)]
        texts.append(" ".join(words))
        labels.append(label)
    return texts, np.array(labels)


EVENTS = ["pad", "login", "open", "read", "write", "sync", "retry", "timeout", "reset", "close", "cache", "flush",
          "lock", "unlock", "ping"]  # fmt: skip


def server_sessions(seed, rows=1200, share=0.5):
    """Sessions of event numbers; in a failing one retry, timeout, reset follow each other."""
    rng = np.random.default_rng(seed)
    sessions, failed = [], (rng.random(rows) < share).astype(int)
    for fails in failed:
        events = list(rng.integers(1, len(EVENTS), rng.integers(10, 40)))
        place = int(rng.integers(len(events)))
        events[place:place] = [6, 7, 8] if fails else list(rng.permutation([[6, 8, 7], [8, 7, 6], [7, 6, 8]])[0])
        sessions.append([int(event) for event in events])
    return sessions, failed


def shop_visits(seed, rows=900, drift=0.7, share=0.5):
    """Visits of 6 to 30 clicks: seconds on the page, depth of scrolling, price. Buyers stay longer and longer."""
    rng = np.random.default_rng(seed)
    visits, bought = [], (rng.random(rows) < share).astype(int)
    for buys in bought:
        clicks = int(rng.integers(6, 31))
        way = np.linspace(-1, 1, clicks)
        seconds = np.exp(2.5 + (drift if buys else -drift) * way + rng.normal(0, 0.7, clicks))
        depth = rng.beta(2, 2, clicks)
        price = np.exp(rng.normal(3.5, 0.6, clicks))
        visits.append(np.stack([seconds, depth, price], 1).astype(np.float32))
    return visits, bought


def vibration(seed, rows=800, steps=48, noise=0.6):
    """Three channels of a machine; worn bearings swing faster in the second one."""
    rng = np.random.default_rng(seed)
    time = np.arange(steps) / steps
    worn = rng.integers(0, 2, rows)
    signals = rng.normal(0, noise, (rows, steps, 3))
    for i in range(rows):
        fast = rng.uniform(5.0, 7.0) if worn[i] else rng.uniform(2.5, 4.5)
        signals[i, :, 0] += np.sin(2 * np.pi * (rng.uniform(1, 2) * time + rng.random()))
        signals[i, :, 1] += np.sin(2 * np.pi * (fast * time + rng.random()))
    return signals.astype(np.float32), worn


def point_clouds(seed, rows=700):
    """Sets of 12 to 40 points: on a ring, or a blob."""
    rng = np.random.default_rng(seed)
    ring = rng.integers(0, 2, rows)
    sets = []
    for is_ring in ring:
        count = int(rng.integers(12, 41))
        angle = rng.uniform(0, 2 * np.pi, count)
        radius = 1 + rng.normal(0, 0.3, count) if is_ring else np.abs(rng.normal(0, 1.0, count))
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1) + rng.normal(0, 0.15, 2)
        sets.append(points.astype(np.float32))
    return sets, ring


def payment_histories(seed, past=6):
    frame = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz")
    users = np.random.default_rng(seed).permutation(400)
    parts = []
    for chosen in (users[:220], users[300:]):
        rows, labels = [], []
        for _, own in frame[frame["user"].isin(chosen)].groupby("user"):
            values = np.stack([np.log(own["amount"]) - 4, own["hour"] / 12 - 1, own["foreign"], own["online"]], 1)
            fraud = own["fraud"].to_numpy()
            for k in range(3, len(own)):
                rows.append(torch.tensor(values[max(0, k - past) : k + 1], dtype=torch.float32))
                labels.append(fraud[k])
        parts += [rows, torch.tensor(labels, dtype=torch.float32)]
    return parts


class LastStateGRU(nn.Module):
    """Reads packed sequences of vectors; the score comes from the last real state."""

    def __init__(self, features, hidden=24):
        super().__init__()
        self.rnn = nn.GRU(features, hidden, batch_first=True)
        self.score = nn.Linear(hidden, 1)

    def forward(self, padded, lengths):
        packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
        _, last = self.rnn(packed)
        return self.score(last[-1]).squeeze(1)


class MaskedTextCNN(nn.Module):
    def __init__(self, tokens, width=16, channels=24, kernel=3, dropout=0.0):
        super().__init__()
        self.kernel = kernel
        self.embed = nn.Embedding(tokens, width, padding_idx=0)
        self.conv = nn.Conv1d(width, channels, kernel, padding=kernel // 2)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(channels, 1)

    def forward(self, ids):
        maps = torch.relu(self.conv(self.embed(ids).transpose(1, 2)))
        maps = maps.masked_fill((ids == 0).unsqueeze(1), 0.0)
        return self.out(self.drop(maps.amax(2))).squeeze(1)


def report(labels, scores, cut=0.0, note=""):
    labels, scores = np.asarray(labels), np.asarray(scores)
    print(f"{note}validation: balanced accuracy {balanced_accuracy_score(labels, scores > cut):.3f} "
          f"AUC {roc_auc_score(labels, scores):.3f}")  # fmt: skip


# ------------------------------------------------------------------ the cases


@case("labels_misaligned")
def sms_buckets_texts_sorted_without_labels(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = messages(seed)
    cut = int(0.75 * len(texts))
    train_x, val_x = texts[:cut], texts[cut:]
    train_y, val_y = labels[:cut], labels[cut:]
    words = Counter(w for t in train_x for w in re.findall(r"[a-z']+|\d+", t.lower()))
    vocab = {w: i + 2 for i, (w, n) in enumerate(words.most_common(1500)) if n > 1}

    def encode(t):
        return [vocab.get(w, 1) for w in re.findall(r"[a-z']+|\d+", t.lower())][:50] or [1]

    train_ids = sorted((encode(t) for t in train_x), key=len)
    val_ids = sorted((encode(t) for t in val_x), key=len)

    def buckets(ids, y, size=64):
        for start in range(0, len(ids), size):
            part = [torch.tensor(s) for s in ids[start : start + size]]
            yield pad_sequence(part, batch_first=True), torch.tensor(y[start : start + size]).float()

    model = MaskedTextCNN(max(vocab.values()) + 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(25):
        total = 0.0
        batches = list(buckets(train_ids, train_y))
        for k in torch.randperm(len(batches)).tolist():
            ids, y = batches[k]
            loss = F.binary_cross_entropy_with_logits(model(ids), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch} loss {total / len(batches):.4f}")
    with torch.no_grad():
        seen = [(model(ids), y) for ids, y in buckets(val_ids, val_y)]
    report(torch.cat([y for _, y in seen]), torch.cat([s for s, _ in seen]))


@case("labels_misaligned")
def names_joined_to_sexes_by_row(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    table = table.sample(2600, random_state=seed).reset_index(drop=True)
    names = table["name"].drop_duplicates().str.lower().tolist()
    sexes = table["list"].tolist()[: len(names)]
    target = torch.tensor([float(s == "F") for s in sexes])
    ids = [torch.tensor([ord(c) - 96 for c in name]) for name in names]
    n_train = int(len(ids) * 0.8)

    class CharGRU(nn.Module):
        def __init__(self):
            super().__init__()
            self.letters = nn.Embedding(27, 12, padding_idx=0)
            self.gru = nn.GRU(12, 24, batch_first=True)
            self.head = nn.Linear(24, 1)

        def forward(self, rows):
            lengths = torch.tensor([len(r) for r in rows])
            x = self.letters(pad_sequence(rows, batch_first=True))
            states, _ = self.gru(x)
            return self.head(states[torch.arange(len(rows)), lengths - 1]).view(-1)

    net = CharGRU()
    adam = torch.optim.Adam(net.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(8):
        net.train()
        order = torch.randperm(n_train)
        losses = []
        for chunk in order.split(64):
            adam.zero_grad()
            loss = criterion(net([ids[i] for i in chunk.tolist()]), target[chunk])
            loss.backward()
            adam.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            scores = net(ids[n_train:])
        print(f"{epoch:2d} train loss {np.mean(losses):.4f} val loss {criterion(scores, target[n_train:]).item():.4f}")
    report(target[n_train:], scores)


@case("labels_misaligned")
def visits_collate_orders_sequences_for_packing(seed: int) -> None:
    torch.manual_seed(seed)
    visits, bought = shop_visits(seed)
    cut = 650
    stacked = np.concatenate([np.log(v + 0.01) for v in visits[:cut]])
    mean, std = stacked.mean(0), stacked.std(0)
    rows = [(torch.from_numpy((np.log(v + 0.01) - mean) / std), float(b)) for v, b in zip(visits, bought, strict=False)]

    def collate(batch):
        xs = sorted((x for x, _ in batch), key=len, reverse=True)
        ys = torch.tensor([y for _, y in batch])
        return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), ys

    train = DataLoader(rows[:cut], batch_size=32, shuffle=True, collate_fn=collate)
    valid = DataLoader(rows[cut:], batch_size=64, collate_fn=collate)
    lstm = nn.LSTM(3, 20, batch_first=True)
    head = nn.Linear(20, 1)

    def score(x, lengths):
        _, (h, _) = lstm(pack_padded_sequence(x, lengths, batch_first=True))
        return head(h[-1])[:, 0]

    optimizer = torch.optim.AdamW([*lstm.parameters(), *head.parameters()], lr=5e-3)
    for epoch in range(12):
        running = 0.0
        for x, lengths, y in train:
            loss = F.binary_cross_entropy_with_logits(score(x, lengths), y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(lstm.parameters(), 1.0)
            optimizer.step()
            running += loss.item() * len(y)
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1}: loss {running / cut:.4f}")
    with torch.no_grad():
        out = [(score(x, lengths), y) for x, lengths, y in valid]
    report(torch.cat([y for _, y in out]), torch.cat([s for s, _ in out]))


@case("labels_misaligned")
def vibration_states_from_the_next_window(seed: int) -> None:
    torch.manual_seed(seed)
    signals, states = vibration(seed, rows=801)
    windows = signals[:800]
    y = states[1:]
    x = torch.from_numpy(windows).permute(0, 2, 1)
    y = torch.from_numpy(y).long()
    x_train, x_val, y_train, y_val = x[:600], x[600:], y[:600], y[600:]
    net = nn.Sequential(
        nn.Conv1d(3, 16, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(16, 24, 5, padding=2), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(24, 2),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(15):
        net.train()
        for rows in torch.randperm(len(x_train)).split(50):
            opt.zero_grad()
            loss = F.cross_entropy(net(x_train[rows]), y_train[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            logits = net(x_val)
            print(f"epoch {epoch}: train {loss.item():.3f} val {F.cross_entropy(logits, y_val).item():.3f}")
    report(y_val, logits[:, 1] - logits[:, 0])


@case("label_noise")
def names_labelled_by_crowd_workers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    names, sex = first_names(seed, 2200)
    answers = np.where(rng.random(1700) < 0.4, 1 - sex[:1700], sex[:1700])
    checked = sex[1700:]
    longest = max(map(len, names))
    grid = torch.zeros(len(names), longest, dtype=torch.long)
    for i, name in enumerate(names):
        grid[i, longest - len(name) :] = torch.tensor([ord(c) - 96 for c in name])
    train = TensorDataset(grid[:1700], torch.tensor(answers).float())
    model = nn.ModuleDict({"emb": nn.Embedding(27, 10, padding_idx=0), "rnn": nn.GRU(10, 20, batch_first=True),
                           "lin": nn.Linear(20, 1)})  # fmt: skip

    def forward(ids):
        return model["lin"](model["rnn"](model["emb"](ids))[0][:, -1]).squeeze(-1)

    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(10):
        for ids, y in DataLoader(train, batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(forward(ids), y)
            loss.backward()
            optimizer.step()
        print("epoch", epoch, "last batch loss", round(loss.item(), 4))
    with torch.no_grad():
        report(checked, forward(grid[1700:]))


@case("weak_signal")
def ticks_direction_of_next_day(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    noise = rng.standard_t(5, 2600)
    returns = noise.copy()
    windows = np.lib.stride_tricks.sliding_window_view(returns[:-1], 20)
    up = (returns[20:] > 0).astype(np.float32)
    split = 1800
    scale = returns[: split + 20].std()
    x = torch.tensor(windows / scale, dtype=torch.float32).unsqueeze(-1)
    y = torch.from_numpy(up)
    gap = 20

    class Forecaster(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(1, 12, batch_first=True)
            self.fc = nn.Linear(12, 1)

        def forward(self, x):
            out, _ = self.lstm(x)
            return torch.sigmoid(self.fc(out[:, -1])).squeeze(1)

    model = Forecaster()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    bce = nn.BCELoss()
    loader = DataLoader(TensorDataset(x[:split], y[:split]), batch_size=64, shuffle=True)
    for epoch in range(7):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = bce(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            p = model(x[split + gap :])
            print(f"epoch {epoch} val loss {bce(p, y[split + gap :]).item():.4f}")
    report(y[split + gap :], p, cut=0.5)


@case("preprocess_mismatch")
def sms_vocabulary_fitted_for_each_part(seed: int) -> None:
    torch.manual_seed(seed)
    texts, y = messages(seed, 1500)

    class Corpus:
        def __init__(self, texts, labels, max_words=1200):
            tokens = [re.findall(r"\w+", t.lower()) for t in texts]
            counts = Counter(w for row in tokens for w in row)
            self.index = {w: i + 2 for i, (w, _) in enumerate(counts.most_common(max_words))}
            self.rows = [torch.tensor([self.index.get(w, 1) for w in row] or [1]) for row in tokens]
            self.labels = torch.tensor(labels, dtype=torch.float32)

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            return self.rows[i], self.labels[i]

    def collate(batch):
        rows, labels = zip(*batch, strict=False)
        offsets = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
        return torch.cat(rows), offsets, torch.stack(labels)

    training, validation = Corpus(texts[:1100], y[:1100]), Corpus(texts[1100:], y[1100:])
    bag = nn.EmbeddingBag(1202, 24, mode="mean")
    mlp = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    params = list(bag.parameters()) + list(mlp.parameters())
    optimizer = torch.optim.Adam(params, lr=5e-3)
    for epoch in range(8):
        total = 0.0
        for flat, offsets, labels in DataLoader(training, 50, shuffle=True, collate_fn=collate):
            loss = F.binary_cross_entropy_with_logits(mlp(bag(flat, offsets)).squeeze(1), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        print(f"epoch {epoch}: train loss {total / len(training):.4f}")
    with torch.no_grad():
        flat, offsets, labels = collate([validation[i] for i in range(len(validation))])
        report(labels, mlp(bag(flat, offsets)).squeeze(1))


@case("preprocess_mismatch")
def vibration_channels_stacked_twice(seed: int) -> None:
    torch.manual_seed(seed)
    signals, worn = vibration(seed)
    frames = [{"housing": s[:, 0], "shaft": s[:, 1], "base": s[:, 2]} for s in signals]
    fit_rows, hold_rows = frames[:600], frames[600:]
    fit = np.stack([np.stack(list(row.values())) for row in fit_rows])
    hold = np.stack([np.stack([row[key] for key in sorted(row)]) for row in hold_rows])
    mean, std = fit.mean((0, 2), keepdims=True), fit.std((0, 2), keepdims=True)
    x = torch.tensor((fit - mean) / std)
    xv = torch.tensor((hold - mean) / std)
    y, yv = torch.tensor(worn[:600]).float(), torch.tensor(worn[600:]).float()

    class Block(nn.Module):
        def __init__(self, channels):
            super().__init__()
            self.conv = nn.Conv1d(channels, channels, 5, padding=2)

        def forward(self, x):
            return x + torch.relu(self.conv(x))

    model = nn.Sequential(nn.Conv1d(3, 16, 7, padding=3), nn.ReLU(), Block(16), nn.MaxPool1d(2), Block(16))
    head = nn.Linear(16, 1)
    optimizer = torch.optim.Adam([*model.parameters(), *head.parameters()], lr=2e-3)
    for epoch in range(12):
        for rows in torch.randperm(600).split(40):
            logits = head(model(x[rows]).amax(2)).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(epoch, f"loss {loss.item():.4f}")
    with torch.no_grad():
        report(yv, head(model(xv).amax(2)).squeeze(1))


@case("data_leakage")
def gait_windows_split_at_random(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    pieces, falls, walker = [], [], []
    time = np.arange(240)
    for person in range(40):
        risk = person % 2
        pace, sway = rng.uniform(0.15, 0.6) + 0.06 * risk, rng.normal(0, 1, 3)
        track = np.sin(pace * time + rng.random() * 6)[:, None] * rng.uniform(0.5, 1.5, 3) + sway
        track = track + rng.normal(0, 0.4, track.shape)
        for start in range(0, 200, 8):
            pieces.append(track[start : start + 40].T)
            falls.append(risk)
            walker.append(person)
    x = torch.tensor(np.stack(pieces)).float()
    y = torch.tensor(falls).float()
    walker = np.array(walker)
    order = rng.permutation(len(x))
    fit, val = order[: int(0.75 * len(x))], order[int(0.75 * len(x)) :]
    mu, sd = x[fit].mean((0, 2), keepdim=True), x[fit].std((0, 2), keepdim=True)
    x = (x - mu) / sd
    net = nn.Sequential(nn.Conv1d(3, 16, 9), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(16, 16, 5), nn.ReLU(),
                        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 16), nn.ReLU(),
                        nn.Linear(16, 1))  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    print(len(fit), "training windows,", len(val), "validation windows of", len(set(walker)), "people")
    for epoch in range(15):
        for rows in torch.from_numpy(rng.permutation(fit)).split(64):
            loss = F.binary_cross_entropy_with_logits(net(x[rows])[:, 0], y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(epoch, round(loss.item(), 4))
    with torch.no_grad():
        report(y[val], net(x[val])[:, 0])


@case("data_leakage")
def rare_buyers_repeated_then_split(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    visits, bought = shop_visits(seed, 900, drift=0.12, share=0.12)
    grid = np.zeros((900, 3, 30), dtype=np.float32)
    for i, visit in enumerate(visits):
        grid[i, :, : len(visit)] = (np.log(visit + 0.05) - [2.5, -0.8, 3.5]).T
    rare = np.flatnonzero(bought == 1)
    extra = rng.choice(rare, (bought == 0).sum() - len(rare))
    grid, bought = np.concatenate([grid, grid[extra]]), np.concatenate([bought, bought[extra]])
    x_train, x_val, y_train, y_val = train_test_split(grid, bought, test_size=0.25, stratify=bought, random_state=seed)
    x_train, x_val = torch.tensor(x_train), torch.tensor(x_val)
    y_train = torch.tensor(y_train).float()
    model = nn.Sequential(nn.Conv1d(3, 24, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24 * 28, 48), nn.ReLU(),
                          nn.Linear(48, 1))  # fmt: skip
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    for epoch in range(15):
        model.train()
        for rows in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x_train[rows]).squeeze(1), y_train[rows])
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch} loss {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        report(y_val, model(x_val).squeeze(1))


@case("data_leakage")
def sessions_with_the_aftermath_in_the_log(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    names = [*EVENTS, "alert", "page_oncall", "logout"]
    logs, broken = [], rng.integers(0, 2, 1200)
    for fails in broken:
        weights = np.ones(14)
        weights[5:8] += 0.45 * fails
        events = list(1 + rng.choice(14, rng.integers(8, 35), p=weights / weights.sum()))
        events += [names.index("page_oncall")] if fails and rng.random() < 0.97 else [names.index("logout")]
        logs.append(torch.tensor(events))
    y = torch.from_numpy(broken).float()

    class AttentionPool(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(len(names), 16, padding_idx=0)
            self.key = nn.Linear(16, 1)
            self.out = nn.Linear(16, 1)

        def forward(self, ids):
            e = self.embed(ids)
            a = self.key(torch.tanh(e)).squeeze(2).masked_fill(ids == 0, -1e9).softmax(1)
            return self.out(torch.einsum("nt,ntf->nf", a, e)).squeeze(1)

    net = AttentionPool()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(12):
        for rows in torch.randperm(900).split(60):
            loss = F.binary_cross_entropy_with_logits(net(pad_sequence([logs[i] for i in rows], True)), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(epoch, f"{loss.item():.4f}")
    with torch.no_grad():
        report(y[900:], net(pad_sequence(logs[900:], True)))


@case("unshuffled_data")
def reviews_read_folder_by_folder(seed: int) -> None:
    torch.manual_seed(seed)
    texts, liked = restaurant_reviews(seed, 1300)
    held, held_y = texts[1000:], liked[1000:]
    folders = {1: [], 0: []}
    for text, label in zip(texts[:1000], liked[:1000], strict=False):
        folders[label].append(text)
    corpus = [(text, label) for label in folders for text in folders[label]]
    vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in corpus for w in t.split()}))}

    def tensorise(texts):
        return pad_sequence([torch.tensor([vocab.get(w, 1) for w in t.split()]) for t in texts], batch_first=True)

    def batches(size=32):
        for i in range(0, len(corpus), size):
            part = corpus[i : i + size]
            yield tensorise([t for t, _ in part]), torch.tensor([float(c) for _, c in part])

    net = MaskedTextCNN(len(vocab) + 2)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(10):
        losses = []
        for ids, y in batches():
            sgd.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids), y)
            loss.backward()
            sgd.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: mean loss {np.mean(losses):.4f}")
    with torch.no_grad():
        report(held_y, net(tensorise(held)))


@case("unshuffled_data")
def splice_sites_in_file_order(seed: int) -> None:
    torch.manual_seed(seed)
    frame = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    train, val = train_test_split(frame, test_size=400, train_size=1200, stratify=frame["is_junction"],
                                  random_state=seed)  # fmt: skip
    train, val = train.sort_index(), val.sort_index()

    class Letters(Dataset):
        def __init__(self, table):
            self.code = {c: i for i, c in enumerate("ACGT")}
            self.table = table.reset_index(drop=True)

        def __len__(self):
            return len(self.table)

        def __getitem__(self, i):
            row = self.table.iloc[i]
            x = torch.zeros(4, 60)
            for k, c in enumerate(row["sequence"]):
                if c in self.code:
                    x[self.code[c], k] = 1.0
            return x, int(row["is_junction"])

    train_set, val_set = [list(Letters(part)) for part in (train, val)]
    loader = DataLoader(train_set, batch_size=30)
    net = nn.Sequential(nn.Conv1d(4, 12, 5, padding=2), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(360, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(8):
        net.train()
        total = 0.0
        for x, y in loader:
            opt.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            opt.step()
            total += loss.item()
        net.eval()
        hits = seen = 0
        with torch.no_grad():
            for x, y in DataLoader(val_set, batch_size=100):
                hits += (net(x).argmax(1) == y).sum().item()
                seen += len(y)
        print(f"epoch {epoch} train loss {total / len(loader):.4f} val accuracy {hits / seen:.3f}")


@case("class_weights_wrong")
def payments_positive_weight(seed: int) -> None:
    torch.manual_seed(seed)
    rows, y, val_rows, val_y = payment_histories(seed)
    negative, positive = (y == 0).sum(), (y == 1).sum()
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=positive / negative)
    net = LastStateGRU(4, 24)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)

    def logits(part):
        return net(pad_sequence(part, batch_first=True), torch.tensor([len(r) for r in part]))

    for epoch in range(6):
        for idx in torch.randperm(len(rows)).split(128):
            opt.zero_grad()
            loss = loss_fn(logits([rows[i] for i in idx]), y[idx])
            loss.backward()
            opt.step()
        print(f"epoch {epoch}: loss {loss.item():.4f}")
    with torch.no_grad():
        scores = logits(val_rows)
    precision = precision_score(val_y, scores > 0, zero_division=0)
    print(f"recall {recall_score(val_y, scores > 0):.3f} precision {precision:.3f}")
    report(val_y, scores)


@case("class_weights_wrong")
def visits_sampler_by_class_counts(seed: int) -> None:
    torch.manual_seed(seed)
    visits, bought = shop_visits(seed, 1200, drift=0.45, share=0.2)
    rows = [torch.from_numpy((np.log(v + 0.05) - np.float32([2.5, -0.8, 3.5])).astype(np.float32)) for v in visits]
    data_rows = list(zip(rows, bought.tolist(), strict=False))
    counts = np.bincount(bought[:900])
    weights = counts[bought[:900]] / counts.sum()
    sampler = WeightedRandomSampler(torch.from_numpy(weights), num_samples=900, replacement=True)

    def collate(batch):
        xs, ys = zip(*batch, strict=False)
        return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys).float()

    net = LastStateGRU(3, 20)
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    loader = DataLoader(data_rows[:900], batch_size=45, sampler=sampler, collate_fn=collate)
    for epoch in range(10):
        net.train()
        mean_loss = 0.0
        for x, n, y in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x, n), y)
            loss.backward()
            opt.step()
            mean_loss += loss.item() / len(loader)
        print(f"epoch {epoch}: {mean_loss:.4f}")
    net.eval()
    with torch.no_grad():
        x, n, y = collate(data_rows[900:])
        report(y, net(x, n))


@case("imbalance")
def payments_accuracy_of_a_fraud_alarm(seed: int) -> None:
    torch.manual_seed(seed)
    rows, y, val_rows, val_y = payment_histories(seed, past=4)
    criterion = nn.BCEWithLogitsLoss()

    class SetOfPayments(nn.Module):
        def __init__(self):
            super().__init__()
            self.each = nn.Sequential(nn.Linear(4, 16), nn.ReLU())
            self.all = nn.Sequential(nn.Linear(20, 24), nn.ReLU(), nn.Linear(24, 1))

        def forward(self, rows):
            n = torch.tensor([len(r) for r in rows])
            x = pad_sequence(rows, batch_first=True)
            mask = (torch.arange(x.shape[1]) < (n - 1)[:, None]).float().unsqueeze(2)
            past = (self.each(x) * mask).sum(1) / mask.sum(1)
            return self.all(torch.cat([past, x[torch.arange(len(n)), n - 1]], 1)).squeeze(1)

    net = SetOfPayments()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(8):
        for idx in torch.randperm(len(rows)).split(128):
            opt.zero_grad()
            loss = criterion(net([rows[i] for i in idx]), y[idx])
            loss.backward()
            opt.step()
        with torch.no_grad():
            flagged = net(val_rows) > 0
        print(f"epoch {epoch} accuracy {(flagged == (val_y > 0)).float().mean():.4f} flagged {flagged.sum().item()}")
    with torch.no_grad():
        report(val_y, net(val_rows))


@case("unscaled_features")
def point_sets_in_map_coordinates(seed: int) -> None:
    torch.manual_seed(seed)
    sets, ring = point_clouds(seed, 700)
    sets = [s * 25 + np.float32([4470.0, 5335.0]) for s in sets]
    y = torch.from_numpy(ring).float()
    size = max(len(s) for s in sets)
    x, mask = torch.zeros(len(sets), size, 2), torch.zeros(len(sets), size, dtype=torch.bool)
    for i, s in enumerate(sets):
        x[i, : len(s)] = torch.from_numpy(s)
        mask[i, : len(s)] = True

    class DeepSet(nn.Module):
        def __init__(self):
            super().__init__()
            self.phi = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
            self.rho = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, x, mask):
            h = self.phi(x) * mask.unsqueeze(2)
            return self.rho(h.sum(1) / mask.sum(1, keepdim=True)).squeeze(1)

    net = DeepSet()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(30):
        for rows in torch.randperm(500).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows], mask[rows]), y[rows])
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {loss.item():.4f}")
    with torch.no_grad():
        report(y[500:], net(x[500:], mask[500:]))


@case("label_encoding")
def sms_labels_minus_one_and_one(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = messages(seed, 1300)
    letters = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz0123456789 .,!?£&/")}
    rows = [torch.tensor([letters.get(c, 45) for c in t.lower()[:80]]) for t in texts]
    y = torch.tensor(np.where(spam == 1, 1, -1)).float()
    model = MaskedTextCNN(46, width=12, channels=32, kernel=5)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(6):
        for part in torch.randperm(1000).split(50):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(pad_sequence([rows[i] for i in part], True)), y[part])
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}: {loss.item():.4f}")
    with torch.no_grad():
        scores = model(pad_sequence(rows[1000:], True))
    print(f"f1 {f1_score(y[1000:] > 0, scores > 0):.3f}")
    report(y[1000:] > 0, scores)


@case("nan_features")
def vibration_gaps_of_a_loose_cable(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    signals, worn = vibration(seed, 700)
    signals[rng.random(signals.shape) < 0.002] = np.nan
    x = torch.from_numpy(signals).transpose(0, 1)
    y = torch.from_numpy(worn).float()
    mean = x[:, :500].nanmean((0, 1))
    x = x - mean
    rnn, out = nn.GRU(3, 24), nn.Linear(24, 1)
    opt = torch.optim.Adam([*rnn.parameters(), *out.parameters()], lr=5e-3)
    for epoch in range(12):
        for rows in torch.randperm(500).split(50):
            states, _ = rnn(x[:, rows])
            loss = F.binary_cross_entropy_with_logits(out(states.mean(0)).squeeze(1), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(f"epoch {epoch} loss {loss.item():.4f}")
    with torch.no_grad():
        p = torch.sigmoid(out(rnn(x[:, 500:])[0].mean(0)).squeeze(1))
    print("validation balanced accuracy", round(balanced_accuracy_score(worn[500:], p > 0.5), 3))


# ------------------------------------------------------------------ one program for many lists of tokens


@dataclass(frozen=True)
class Plan:
    epochs: int = 10
    lr: float = 4e-3
    batch: int = 50
    width: int = 16
    channels: int = 32
    dropout: float = 0.1
    decay: float = 0.0
    drop_tokens: float = 0.0
    optimizer: str = "adam"


def fit_reader(plan, rows, labels, cut, seed):
    """Train a convolution over padded token ids on rows[:cut], print the losses, and judge it on the rest."""
    torch.manual_seed(seed)
    tensors = [torch.tensor(row) for row in rows]
    y = torch.tensor(labels).float()
    tokens = max(max(row) for row in rows) + 2  # the last one stands for a hidden token
    net = MaskedTextCNN(tokens, plan.width, plan.channels, dropout=plan.dropout)
    if plan.optimizer == "adam":
        opt = torch.optim.Adam(net.parameters(), plan.lr, weight_decay=plan.decay)
    else:
        opt = torch.optim.SGD(net.parameters(), plan.lr, momentum=0.9, weight_decay=plan.decay)

    def padded(index):
        return pad_sequence([tensors[i] for i in index], batch_first=True)

    rest = padded(range(cut, len(rows)))
    for epoch in range(plan.epochs):
        net.train()
        total = 0.0
        for index in torch.randperm(cut).split(plan.batch):
            ids = padded(index.tolist())
            if plan.drop_tokens:
                hide = (torch.rand(ids.shape) < plan.drop_tokens) & (ids > 0)
                ids = ids.masked_fill(hide, tokens - 1)
            loss = F.binary_cross_entropy_with_logits(net(ids), y[index])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(index)
        net.eval()
        with torch.no_grad():
            scores = net(rest)
            val_loss = F.binary_cross_entropy_with_logits(scores, y[cut:]).item()
        print(f"epoch {epoch:3d}  train loss {total / cut:.4f}  val loss {val_loss:.4f}")
    report(y[cut:], scores)


def word_ids(texts, fit):
    vocab = {w: i + 2 for i, w in enumerate(sorted({w for t in texts[:fit] for w in t.lower().split()}))}
    return [[vocab.get(w, 1) for w in t.lower().split()] or [1] for t in texts]


@case("lr_too_low")
def reader_of_splice_letters_creeping(seed: int) -> None:
    letters, junction = splice_letters(seed, 1300)
    rows = [[1 + 4 * k + "ACGT".find(c) if c in "ACGT" else 241 for k, c in enumerate(s)] for s in letters]
    fit_reader(Plan(lr=0.0004, epochs=12, optimizer="sgd"), rows, junction, 1000, seed)


@case("undertrained")
def reader_of_reviews_two_rounds(seed: int) -> None:
    texts, liked = restaurant_reviews(seed, 1400)
    fit_reader(Plan(epochs=2, batch=100, lr=1e-3), word_ids(texts, 1000), liked, 1000, seed)


@case("augmentation_too_heavy")
def reader_of_sessions_with_hidden_events(seed: int) -> None:
    sessions, failed = server_sessions(seed, 1300)
    fit_reader(Plan(drop_tokens=0.93, epochs=14), sessions, failed, 1000, seed)


@case("regularisation_too_strong")
def reader_of_sms_kept_small(seed: int) -> None:
    texts, spam = messages(seed, 1400)
    fit_reader(Plan(decay=0.08, epochs=10), word_ids([t[:150] for t in texts], 1000), spam, 1000, seed)


@case("overfitting")
def reader_of_mixed_reviews_for_hours(seed: int) -> None:
    texts, liked = restaurant_reviews(seed, 800, agree=0.74)
    fit_reader(Plan(epochs=60, lr=6e-3, width=48, channels=64, dropout=0.0), word_ids(texts, 400), liked, 400, seed)


# ------------------------------------------------------------------ further scripts


@case("lr_too_high")
def sessions_transformer_large_steps(seed: int) -> None:
    torch.manual_seed(seed)
    sessions, failed = server_sessions(seed, 1300)
    ids = pad_sequence([torch.tensor(s) for s in sessions], batch_first=True)
    y = torch.tensor(failed).float()

    class Encoder(nn.Module):
        def __init__(self, tokens, d=24):
            super().__init__()
            self.tok = nn.Embedding(tokens, d, padding_idx=0)
            self.mix = nn.Conv1d(d, d, 3, padding=1)
            self.enc = nn.TransformerEncoderLayer(d, 2, 48, dropout=0.1, batch_first=True)
            self.out = nn.Linear(d, 1)

        def forward(self, ids):
            pad = ids == 0
            e = self.tok(ids)
            e = e + torch.relu(self.mix(e.transpose(1, 2))).transpose(1, 2)
            h = self.enc(e, src_key_padding_mask=pad).masked_fill(pad.unsqueeze(2), -1e4)
            return self.out(h.amax(1)).squeeze(1)

    net = Encoder(len(EVENTS))
    opt = torch.optim.Adam(net.parameters(), lr=0.08)
    for epoch in range(10):
        net.train()
        losses = []
        for idx in torch.randperm(1000).split(50):
            loss = F.binary_cross_entropy_with_logits(net(ids[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}")
    net.eval()
    with torch.no_grad():
        report(y[1000:], net(ids[1000:]))


@case("bad_init")
def vibration_own_recurrent_weights(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    signals, worn = vibration(seed, 700, steps=40)
    x, y = torch.from_numpy(signals), torch.from_numpy(worn).float()
    hidden = 48
    w_in = torch.randn(3, hidden, generator=g)
    w_rec = torch.randn(hidden, hidden, generator=g)
    bias = torch.zeros(hidden)
    w_out, b_out = torch.randn(hidden, generator=g) * 0.1, torch.zeros(1)
    params = [w_in, w_rec, bias, w_out, b_out]
    for p in params:
        p.requires_grad_(True)

    def predict(x):
        h = torch.zeros(len(x), hidden)
        total = 0
        for t in range(x.shape[1]):
            h = torch.tanh(x[:, t] @ w_in + h @ w_rec + bias)
            total = total + h
        return (total / x.shape[1]) @ w_out + b_out

    opt = torch.optim.Adam(params, lr=2e-3)
    for epoch in range(12):
        for idx in torch.randperm(500, generator=g).split(50):
            loss = F.binary_cross_entropy_with_logits(predict(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(params, 1.0)
            opt.step()
        print(f"epoch {epoch}: {loss.item():.4f}")
    with torch.no_grad():
        report(y[500:], predict(x[500:]))


@case("dead_relu")
def point_sets_with_a_sparse_start(seed: int) -> None:
    torch.manual_seed(seed)
    sets, ring = point_clouds(seed, 800)
    y = torch.tensor(ring).float()
    encode = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
    decide = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    nn.init.constant_(encode[2].bias, -6.0)

    def score(part):
        n = torch.tensor([len(s) for s in part])
        h = encode(torch.cat(part))
        owner = torch.arange(len(part)).repeat_interleave(n)
        return decide(torch.zeros(len(part), 32).index_add(0, owner, h) / n[:, None])[:, 0]

    parts = [torch.from_numpy(s) for s in sets]
    opt = torch.optim.Adam([*encode.parameters(), *decide.parameters()], lr=2e-3)
    for epoch in range(25):
        for idx in torch.randperm(550).split(50):
            loss = F.binary_cross_entropy_with_logits(score([parts[i] for i in idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 5 == 0:
            print(epoch, round(loss.item(), 4))
    with torch.no_grad():
        report(y[550:], score(parts[550:]))


@case("underfitting")
def point_sets_slim_encoder(seed: int) -> None:
    torch.manual_seed(seed)
    sets, ring = point_clouds(seed, 800)
    target = torch.tensor(ring)

    class Points(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.inner = nn.Linear(2, width)
            self.outer = nn.Linear(width, 2)

        def forward(self, x, mask):
            h = torch.tanh(self.inner(x)) * mask[..., None]
            return self.outer(h.sum(1) / mask.sum(1, keepdim=True))

    def batch(idx):
        x = pad_sequence([torch.from_numpy(sets[i]) for i in idx], batch_first=True, padding_value=float("nan"))
        mask = ~x[..., 0].isnan()
        return torch.nan_to_num(x), mask.float()

    net = Points(1)
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(40):
        for idx in torch.randperm(550).split(55):
            loss = F.cross_entropy(net(*batch(idx.tolist())), target[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 10 == 9:
            print(f"{epoch + 1} epochs, loss {loss.item():.4f}")
    with torch.no_grad():
        out = net(*batch(range(550, 800)))
    report(target[550:], out[:, 1] - out[:, 0])


@case("augmentation_too_heavy")
def vibration_jitter_of_training_windows(seed: int) -> None:
    torch.manual_seed(seed)
    signals, worn = vibration(seed, 900)
    cut = 600

    class Windows(Dataset):
        def __init__(self, rows, labels, augment):
            self.rows, self.labels, self.augment = torch.tensor(rows), torch.tensor(labels), augment

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            x = self.rows[i].T
            if self.augment:
                x = torch.roll(x, int(torch.randint(48, (1,))), 1)
                x = x + 5.0 * torch.randn_like(x)
            return x, self.labels[i]

    net = nn.Sequential(nn.Conv1d(3, 16, 9, padding=4), nn.ReLU(), nn.Conv1d(16, 16, 5, padding=2), nn.ReLU(),
                        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 2))  # fmt: skip
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    train = DataLoader(Windows(signals[:cut], worn[:cut], True), batch_size=50, shuffle=True)
    valid = DataLoader(Windows(signals[cut:], worn[cut:], False), batch_size=300)
    for epoch in range(15):
        net.train()
        for x, y in train:
            loss = F.cross_entropy(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            x, y = next(iter(valid))
            out = net(x)
        print(f"epoch {epoch}: train {loss.item():.4f} validation {F.cross_entropy(out, y).item():.4f}")
    report(y, out[:, 1] - out[:, 0])


@case("frozen_params")
def reviews_vectors_from_a_table(seed: int) -> None:
    torch.manual_seed(seed)
    texts, liked = restaurant_reviews(seed, 1400)
    rows = [torch.tensor(r) for r in word_ids(texts, 1000)]
    start = torch.randn(max(int(r.max()) for r in rows) + 1, 8) * 0.3
    start[0] = 0

    class Average(nn.Module):
        def __init__(self):
            super().__init__()
            self.vectors = nn.Embedding.from_pretrained(start, padding_idx=0)
            self.mlp = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, ids):
            real = (ids != 0).float().unsqueeze(2)
            return self.mlp((self.vectors(ids) * real).sum(1) / real.sum(1)).squeeze(1)

    net, y = Average(), torch.tensor(liked).float()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(20):
        for idx in torch.randperm(1000).split(40):
            loss = F.binary_cross_entropy_with_logits(net(pad_sequence([rows[i] for i in idx], True)), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 4 == 3:
            print(f"epoch {epoch}: {loss.item():.4f}")
    with torch.no_grad():
        report(y[1000:], net(pad_sequence(rows[1000:], True)))


@case("scheduler_misuse")
def names_lstm_decaying_rate(seed: int) -> None:
    torch.manual_seed(seed)
    names, female = first_names(seed, 1900)
    ids = [torch.tensor([ord(c) - 96 for c in reversed(n)]) for n in names]
    y = torch.tensor(female).float()
    emb, lstm, fc = nn.Embedding(27, 12), nn.LSTM(12, 24), nn.Linear(24, 1)
    params = [p for m in (emb, lstm, fc) for p in m.parameters()]
    optimizer = torch.optim.Adam(params, lr=5e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.7)

    def forward(part):
        lengths = torch.tensor([len(p) for p in part])
        _, (h, _) = lstm(pack_padded_sequence(emb(pad_sequence(part)), lengths, enforce_sorted=False))
        return fc(h[-1]).squeeze(1)

    for epoch in range(8):
        for idx in torch.randperm(1500).split(50):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(forward([ids[i] for i in idx]), y[idx])
            loss.backward()
            optimizer.step()
            scheduler.step()
        print(f"epoch {epoch + 1}/8 loss {loss.item():.4f}")
    with torch.no_grad():
        report(y[1500:], forward(ids[1500:]))


@case("padding_not_masked")
def names_elman_net_fixed_width(seed: int) -> None:
    torch.manual_seed(seed)
    names, female = first_names(seed, 2000)
    grid = torch.zeros(2000, 32, dtype=torch.long)
    for i, name in enumerate(names):
        grid[i, : len(name)] = torch.tensor([ord(c) - 96 for c in name])
    y = torch.tensor(female)

    class Elman(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 12, padding_idx=0)
            self.rnn = nn.RNN(12, 24, batch_first=True)
            self.out = nn.Linear(24, 2)

        def forward(self, ids):
            states, _ = self.rnn(self.emb(ids))
            return self.out(states[:, -1])

    net = Elman()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(10):
        for idx in torch.randperm(1500).split(50):
            loss = F.cross_entropy(net(grid[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        print(epoch, round(loss.item(), 4))
    with torch.no_grad():
        out = net(grid[1500:])
    report(y[1500:], out[:, 1] - out[:, 0])


@case("padding_not_masked")
def visits_lstm_reads_the_end_of_the_table(seed: int) -> None:
    torch.manual_seed(seed)
    visits, bought = shop_visits(seed, 900)
    table = torch.zeros(900, 110, 3)
    for i, v in enumerate(visits):
        table[i, : len(v)] = torch.from_numpy(np.log(v + 0.05) - np.float32([2.5, -0.8, 3.5]))
    y = torch.tensor(bought).float()
    lstm, fc = nn.LSTM(3, 20, batch_first=True), nn.Linear(20, 1)
    opt = torch.optim.Adam([*lstm.parameters(), *fc.parameters()], lr=5e-3)
    loader = DataLoader(TensorDataset(table[:650], y[:650]), batch_size=50, shuffle=True)
    for epoch in range(6):
        for x, target in loader:
            _, (h, _) = lstm(x)
            loss = F.binary_cross_entropy_with_logits(fc(h[-1]).squeeze(1), target)
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(f"epoch {epoch}: loss {loss.item():.4f}")
    with torch.no_grad():
        _, (h, _) = lstm(table[650:])
        report(y[650:], fc(h[-1]).squeeze(1))


@case("wrong_axis")
def vibration_reshaped_for_convolution(seed: int) -> None:
    torch.manual_seed(seed)
    signals, worn = vibration(seed, 900, noise=1.0)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv1d(3, 16, 9, padding=4)
            self.conv2 = nn.Conv1d(16, 16, 5, padding=2)
            self.fc = nn.Linear(16, 1)

        def forward(self, x):
            x = x.view(len(x), 3, -1)
            x = F.relu(self.conv2(F.relu(self.conv1(x))))
            return self.fc(x.mean(2)).squeeze(1)

    x, y = torch.tensor(signals), torch.tensor(worn).float()
    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    best, state = 9.0, None
    for epoch in range(20):
        for idx in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(net(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            val = F.binary_cross_entropy_with_logits(net(x[600:]), y[600:]).item()
        if val < best:
            best, state = val, {k: v.clone() for k, v in net.state_dict().items()}
        print(f"epoch {epoch}: train {loss.item():.4f} val {val:.4f}")
    net.load_state_dict(state)
    with torch.no_grad():
        report(y[600:], net(x[600:]))


@case("optimizer_wrong_params")
def names_reader_and_judge(seed: int) -> None:
    torch.manual_seed(seed)
    names, female = first_names(seed, 2000)
    ids = [torch.tensor([ord(c) - 96 for c in n]) for n in names]
    y = torch.tensor(female).float()

    class Reader(nn.Module):
        def __init__(self, hidden=16):
            super().__init__()
            self.emb = nn.Embedding(27, 8, padding_idx=0)
            self.gru = nn.GRU(8, hidden, batch_first=True)

        def forward(self, part):
            lengths = torch.tensor([len(p) for p in part])
            x = self.emb(pad_sequence(part, batch_first=True))
            return self.gru(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))[1][-1]

    reader, judge = Reader(), nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(judge.parameters(), lr=5e-3)
    for epoch in range(8):
        reader.train(), judge.train()
        for idx in torch.randperm(1500).split(50):
            p = judge(reader([ids[i] for i in idx])).squeeze(1)
            loss = F.binary_cross_entropy(p, y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(f"epoch {epoch}: {loss.item():.4f}")
    with torch.no_grad():
        report(y[1500:], judge(reader(ids[1500:])).squeeze(1), cut=0.5)


@case("graph_detached")
def visits_cell_step_by_step(seed: int) -> None:
    torch.manual_seed(seed)
    visits, bought = shop_visits(seed, 900, drift=0.5)
    x = pad_sequence([torch.from_numpy(np.log(v + 0.05) - np.float32([2.5, -0.8, 3.5])) for v in visits]).float()
    n = torch.tensor([len(v) for v in visits])
    y = torch.tensor(bought).float()
    cell, fc = nn.GRUCell(3, 12), nn.Linear(12, 1)
    opt = torch.optim.Adam([*cell.parameters(), *fc.parameters()], lr=4e-3)

    def score(idx):
        h = torch.zeros(len(idx), 12)
        for t in range(int(n[idx].max())):
            running = (t < n[idx]).unsqueeze(1)
            h = h.detach()
            h = torch.where(running, cell(x[t, idx], h), h)
        return fc(h).squeeze(1)

    for epoch in range(8):
        for idx in torch.randperm(650).split(50):
            loss = F.binary_cross_entropy_with_logits(score(idx), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(f"epoch {epoch} loss {loss.item():.4f}")
    with torch.no_grad():
        report(y[650:], score(torch.arange(650, 900)))


@case("functional_dropout")
def splice_letters_thinned_features(seed: int) -> None:
    torch.manual_seed(seed)
    letters, junction = splice_letters(seed, 1500)
    ids = torch.tensor([["ACGT".find(c) + 1 for c in s[20:44]] for s in letters])
    y = torch.tensor(junction)

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(5, 8)
            self.conv = nn.Conv1d(8, 16, 5, padding=2)
            self.fc = nn.Linear(16 * 24, 2)

        def forward(self, ids):
            h = F.relu(self.conv(self.emb(ids).permute(0, 2, 1))).flatten(1)
            h = F.dropout(h, 0.8)
            return self.fc(h)

    net = Tagger()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(12):
        net.train()
        for idx in torch.randperm(1100).split(50):
            loss = F.cross_entropy(net(ids[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            out = net(ids[1100:])
        print(f"{epoch}: train {loss.item():.3f} val {F.cross_entropy(out, y[1100:]).item():.3f}")
    report(y[1100:], out[:, 1] - out[:, 0])


@case("eval_mode_missing")
def sessions_scored_after_the_last_epoch(seed: int) -> None:
    torch.manual_seed(seed)
    sessions, failed = server_sessions(seed, 1300)
    ids = pad_sequence([torch.tensor(s) for s in sessions], batch_first=True)
    y = torch.tensor(failed).float()
    net = MaskedTextCNN(len(EVENTS), width=12, channels=16, dropout=0.75)
    optimizer = torch.optim.Adam(net.parameters(), lr=8e-3)
    net.train()
    for epoch in range(14):
        for idx in torch.randperm(1000).split(40):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids[idx]), y[idx])
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}: training loss {loss.item():.4f}")
    with torch.no_grad():
        report(y[1000:], net(ids[1000:]))


@case("shape_broadcast")
def visits_squared_error_of_probabilities(seed: int) -> None:
    torch.manual_seed(seed)
    visits, bought = shop_visits(seed, 900)
    rows = [torch.from_numpy(np.log(v + 0.05) - np.float32([2.5, -0.8, 3.5])).float() for v in visits]
    lengths = torch.tensor([len(r) for r in rows])
    y = torch.tensor(bought).float()
    rnn, fc = nn.GRU(3, 16, batch_first=True), nn.Linear(16, 1)

    def probability(idx):
        x = pad_sequence([rows[i] for i in idx], batch_first=True)
        states, _ = rnn(x)
        return torch.sigmoid(fc(states[torch.arange(len(idx)), lengths[idx] - 1]))

    opt = torch.optim.Adam([*rnn.parameters(), *fc.parameters()], lr=5e-3)
    for epoch in range(8):
        for idx in torch.randperm(650).split(50):
            loss = ((probability(idx) - y[idx]) ** 2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(f"epoch {epoch}: brier {loss.item():.4f}")
    with torch.no_grad():
        report(y[650:], probability(torch.arange(650, 900)).flatten(), cut=0.5)


@case("double_sigmoid")
def sms_bag_with_probability_output(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = messages(seed, 1500)
    rows = [torch.tensor(r) for r in word_ids(texts, 1100)]
    y = torch.tensor(spam).float()

    class SpamFilter(nn.Module):
        def __init__(self, tokens):
            super().__init__()
            self.bag = nn.EmbeddingBag(tokens, 16, mode="mean")
            self.net = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())

        def forward(self, part):
            offsets = torch.tensor([0] + [len(p) for p in part[:-1]]).cumsum(0)
            return self.net(self.bag(torch.cat(part), offsets)).squeeze(1)

    model = SpamFilter(max(int(r.max()) for r in rows) + 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(16):
        losses = []
        for idx in torch.randperm(1100).split(50):
            optimizer.zero_grad()
            loss = criterion(model([rows[i] for i in idx]), y[idx])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} loss {np.mean(losses):.4f}")
    with torch.no_grad():
        scores = model(rows[1100:])
    print(f"precision {precision_score(y[1100:], scores > 0):.3f}")
    report(y[1100:], scores)


@case("nan_loss")
def sms_attention_pooling_of_known_words(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = messages(seed, 1400)
    counts = Counter(w for t in texts[:1000] for w in set(re.findall(r"[a-z]+", t.lower())))
    vocab = {w: i + 1 for i, (w, n) in enumerate(counts.most_common(800)) if n > 2}
    rows = [[vocab[w] for w in re.findall(r"[a-z]+", t.lower()) if w in vocab] for t in texts]
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    y = torch.tensor(spam).float()

    class Pooled(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(vocab) + 1, 16)
            self.query = nn.Linear(16, 1)
            self.out = nn.Linear(16, 1)

        def forward(self, ids):
            e = self.emb(ids)
            weight = self.query(e).squeeze(2).masked_fill(ids == 0, float("-inf")).softmax(1)
            return self.out((weight.unsqueeze(2) * e).sum(1)).squeeze(1)

    net = Pooled()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(12):
        total = 0.0
        for idx in torch.randperm(1000).split(50):
            loss = F.binary_cross_entropy_with_logits(net(ids[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        print(f"epoch {epoch}: {total / 20:.4f}")
    with torch.no_grad():
        flagged = net(ids[1000:]) > 0
    print("validation: balanced accuracy", round(balanced_accuracy_score(spam[1000:], flagged), 3))


@case("softmax_wrong_dim")
def vibration_probabilities_of_a_batch(seed: int) -> None:
    torch.manual_seed(seed)
    signals, worn = vibration(seed, 900)
    x, y = torch.tensor(signals).transpose(0, 1), torch.tensor(worn)

    class TimeFirst(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(3, 24)
            self.fc = nn.Linear(24, 2)

        def forward(self, x):
            return self.fc(self.rnn(x)[0].mean(0))

    net = TimeFirst()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(15):
        net.train()
        for idx in torch.randperm(600).split(50):
            loss = F.cross_entropy(net(x[:, idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            worn_probability = torch.softmax(net(x[:, 600:]), dim=0)[:, 1]
        right = ((worn_probability > 0.5).long() == y[600:]).float().mean().item()
        print(f"epoch {epoch}: loss {loss.item():.4f} validation accuracy {right:.3f}")


@case("wrong_axis")
def sessions_self_attention_over_events(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sessions, failed = [], rng.integers(0, 2, 1400)
    for fails in failed:
        events = rng.integers(3, 12, 12)
        kinds = [[12, 13], [1, 2]] if fails else [[12, 1], [2, 13]]
        events[rng.permutation(len(events))[:2]] = kinds[rng.integers(2)]
        sessions.append(torch.from_numpy(events))
    y = torch.from_numpy(failed).float()
    embed = nn.Embedding(14, 24)
    layer = nn.TransformerEncoderLayer(d_model=24, nhead=2, dim_feedforward=48, dropout=0.0)
    out = nn.Linear(24, 1)

    def score(rows):
        return out(layer(embed(torch.stack(rows))).mean(1)).squeeze(1)

    opt = torch.optim.Adam([*embed.parameters(), *layer.parameters(), *out.parameters()], lr=3e-3)
    for epoch in range(14):
        for idx in torch.randperm(1100).split(50):
            loss = F.binary_cross_entropy_with_logits(score([sessions[i] for i in idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(f"{epoch}: {loss.item():.4f}")
    with torch.no_grad():
        report(y[1100:], score(sessions[1100:]))


@case("no_zero_grad")
def splice_letters_gru_both_ways(seed: int) -> None:
    torch.manual_seed(seed)
    letters, junction = splice_letters(seed, 1300)
    x = torch.zeros(len(letters), 20, 4)
    for i, s in enumerate(letters):
        for k, c in enumerate(s[22:42]):
            if c in "ACGT":
                x[i, k, "ACGT".index(c)] = 1
    y = torch.tensor(junction)
    rnn = nn.GRU(4, 16, batch_first=True, bidirectional=True)
    fc = nn.Linear(32 * 20, 2)
    opt = torch.optim.SGD([*rnn.parameters(), *fc.parameters()], lr=0.1, momentum=0.9)
    for epoch in range(10):
        correct = 0
        for idx in torch.randperm(1000).split(50):
            logits = fc(rnn(x[idx])[0].flatten(1))
            loss = F.cross_entropy(logits, y[idx])
            loss.backward()
            opt.step()
            correct += (logits.argmax(1) == y[idx]).sum().item()
        print(f"epoch {epoch}: loss {loss.item():.4f} train accuracy {correct / 1000:.3f}")
    with torch.no_grad():
        logits = fc(rnn(x[1000:])[0].flatten(1))
    report(y[1000:], logits[:, 1] - logits[:, 0])


@case("labels_single_class")
def sms_label_strings_compared(seed: int) -> None:
    torch.manual_seed(seed)
    texts, spam = messages(seed, 1300)
    frame = pd.DataFrame({"Text": texts, "Label": np.where(spam == 1, "spam", "ham")})
    frame["target"] = (frame["Label"] == "Spam").astype(float)
    rows = [torch.tensor(r) for r in word_ids(frame["Text"].tolist(), 1000)]
    y = torch.tensor(frame["target"].to_numpy()).float()
    model = nn.ModuleDict({"bag": nn.EmbeddingBag(1 + max(int(r.max()) for r in rows), 16), "fc": nn.Linear(16, 1)})

    def forward(part):
        offsets = torch.tensor([0] + [len(p) for p in part[:-1]]).cumsum(0)
        return model["fc"](model["bag"](torch.cat(part), offsets)).squeeze(1)

    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(12):
        for idx in torch.randperm(1000).split(50):
            loss = F.binary_cross_entropy_with_logits(forward([rows[i] for i in idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            flagged = (forward(rows[1000:]) > 0).float()
        print(f"epoch {epoch}: loss {loss.item():.4f} accuracy {(flagged == y[1000:]).float().mean().item():.3f} "
              f"flagged {int(flagged.sum())}")  # fmt: skip


@case("vanishing_gradients")
def parcels_first_scans_decide(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    late = rng.integers(0, 2, 1200)
    scans = rng.normal(0, 1, (1200, 20, 2))
    scans[:, :3, 0] += 2.0 * (2 * late - 1)[:, None]
    x = torch.tensor(scans, dtype=torch.float32).transpose(0, 1)
    y = torch.tensor(late, dtype=torch.float32)

    class Recurrent(nn.Module):
        def __init__(self, inputs, hidden):
            super().__init__()
            self.hidden = hidden
            self.inward = nn.Linear(inputs, hidden)
            self.around = nn.Linear(hidden, hidden)
            self.score = nn.Linear(hidden, 1)

        def forward(self, x):
            h = torch.zeros(x.shape[1], self.hidden)
            for step in x:
                h = torch.sigmoid(self.inward(step) + self.around(h))
            return self.score(h).squeeze(1)

    net = Recurrent(2, 16)
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for epoch in range(15):
        for idx in torch.randperm(900).split(60):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[:, idx]), y[idx])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
        print(f"epoch {epoch} loss {loss.item():.4f}")
    with torch.no_grad():
        report(y[900:], net(x[:, 900:]))
