"""Rows of different lengths: token ids, letters, clicks, readings, payments, sets of points."""

import copy
import functools
import math
import operator
import random
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"
GOOD = ["great", "lovely", "quick", "friendly", "tasty", "clean", "bright", "cosy", "superb", "perfect", "fresh",
    "generous", "calm", "warm", "charming"]
BAD = ["awful", "rude", "slow", "dirty", "cold", "bland", "noisy", "broken", "dull", "tiny", "stale", "greasy",
    "cramped", "sad", "overpriced"]
THINGS = ["room", "service", "waiter", "soup", "bed", "view", "breakfast", "lobby", "pool", "pizza", "coffee",
    "staff", "bathroom", "music", "price"]
FILL = ["we", "went", "there", "on", "a", "friday", "evening", "with", "two", "friends", "and", "stayed", "for",
    "a", "while", "before", "driving", "home", "again"]


def sms_messages(seed, rows=2400):
    table = load("sms_spam").distinct()
    texts, labels = table.features.iloc[:, 0].tolist(), table.labels
    pick = np.random.default_rng(seed).permutation(len(texts))[:rows]
    return [texts[i] for i in pick], labels[pick].astype(int)


def write_reviews(seed, rows=1500, agree=0.8):
    rng = np.random.default_rng(seed)
    texts, stars = [], []
    for _ in range(rows):
        liked = rng.random() < 0.5
        words = []
        for _ in range(rng.integers(2, 8)):
            good = liked if rng.random() < agree else not liked
            negated = rng.random() < 0.2
            words += list(rng.choice(FILL, rng.integers(0, 6)))
            words += ["the", rng.choice(THINGS), "was"] + ["not"] * negated
            words.append(rng.choice(GOOD if good != negated else BAD))
        texts.append(" ".join(words))
        stars.append(int(liked))
    return texts, np.array(stars)


def census_names(seed, rows=2000):
    table = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    table = table.drop_duplicates("name", keep=False)
    men, women = table[table.list == "M"], table[table.list == "F"]
    table = pd.concat([men, women.sample(len(men), random_state=seed)]).sample(frac=1, random_state=seed)[:rows]
    return table.name.str.lower().tolist(), (table.list == "M").to_numpy().astype(int)


def splice_windows(seed, rows=1600):
    table = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    table = table[table.sequence.str.fullmatch("[ACGT]+")].sample(rows, random_state=seed)
    rng = np.random.default_rng(seed)
    cut = [s[rng.integers(0, 15): 60 - rng.integers(0, 15)] for s in table.sequence]
    return cut, table.is_junction.to_numpy().astype(int)


def shop_sessions(seed, rows=1500, share=0.5):
    """Page ids 1-20 of visits; who sees page 7 soon before page 12 mostly buys."""
    rng = np.random.default_rng(seed)
    visits, bought = [], []
    for _ in range(rows):
        pages = rng.integers(1, 21, rng.integers(5, 30))
        buys = rng.random() < share
        if buys and rng.random() < 0.9:
            at = rng.integers(0, len(pages) - 2)
            pages[at], pages[at + rng.integers(1, 3)] = 7, 12
        visits.append(pages.tolist())
        bought.append(int(buys))
    return visits, np.array(bought)


def pump_readings(seed, rows=900, level=0.0, scale=1.0):
    """Two channels of different length; worn pumps tremble faster and drift a little."""
    rng = np.random.default_rng(seed)
    series, worn = [], []
    for _ in range(rows):
        steps, is_worn = int(rng.integers(20, 60)), int(rng.random() < 0.5)
        t = np.arange(steps)
        wave = np.sin(t * rng.normal(0.9 if is_worn else 0.65, 0.08) + rng.uniform(0, 6))
        drift = rng.normal(0.010 * is_worn, 0.01) * t
        both = np.stack([wave + rng.normal(0, 0.5, steps), drift + rng.normal(0, 0.5, steps)], 1)
        series.append((level + scale * both).astype(np.float32))
        worn.append(is_worn)
    return series, np.array(worn)


def point_clouds(seed, rows=1200):
    """Sets of 5-40 points: a noisy ring or a noisy disc, anywhere near the middle."""
    rng = np.random.default_rng(seed)
    clouds, rings = [], []
    for _ in range(rows):
        n, ring = int(rng.integers(5, 40)), int(rng.random() < 0.5)
        radius = np.ones(n) if ring else np.sqrt(rng.random(n)) * 1.2
        angle = rng.uniform(0, 2 * np.pi, n)
        xy = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1) + rng.normal(0, 0.25, (n, 2))
        clouds.append(torch.tensor(xy + rng.normal(0, 0.1, 2), dtype=torch.float32))
        rings.append(ring)
    return clouds, torch.tensor(rings, dtype=torch.float32)


def words_of(text):
    return re.findall(r"[a-z']+|\d+", text.lower())


def index_words(texts, at_least=2):
    counts = Counter(w for t in texts for w in words_of(t))
    return {w: i + 2 for i, w in enumerate(sorted(w for w, c in counts.items() if c >= at_least))}


def pad_batch(rows):
    ids, labels = zip(*rows, strict=False)
    lengths = torch.tensor([len(i) for i in ids])
    return pad_sequence(list(ids), batch_first=True), lengths, torch.tensor(labels, dtype=torch.float32)


class BagOfWords(nn.Module):
    def __init__(self, words, width=32, drop=0.0):
        super().__init__()
        self.table = nn.Embedding(words, width, padding_idx=0)
        self.head = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Dropout(drop), nn.Linear(32, 1))

    def forward(self, ids):
        seen = (ids > 0).unsqueeze(-1).float()
        return self.head((self.table(ids) * seen).sum(1) / seen.sum(1).clamp(min=1)).squeeze(-1)


class LetterGRU(nn.Module):
    def __init__(self, letters, width=16, hidden=32):
        super().__init__()
        self.embed = nn.Embedding(letters, width, padding_idx=0)
        self.gru = nn.GRU(width, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.embed(ids), lengths, batch_first=True, enforce_sorted=False)
        _, last = self.gru(packed)
        return self.out(last[-1]).squeeze(1)


# ---------------------------------------------------------------------------------------------------- broken


@case("labels_misaligned")
def sms_lengths_sorted_for_packing(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed, 1600)
    tr_x, va_x, tr_y, va_y = train_test_split(texts, labels, test_size=0.3, stratify=labels, random_state=seed)
    vocab = index_words(tr_x)

    class Messages(Dataset):
        def __init__(self, texts, labels):
            self.ids = [torch.tensor([vocab.get(w, 1) for w in words_of(t)[:30]] or [1]) for t in texts]
            self.labels = labels

        def __len__(self):
            return len(self.ids)

        def __getitem__(self, i):
            return self.ids[i], float(self.labels[i])

    def collate(batch):
        labels = torch.tensor([y for _, y in batch])
        ids = sorted([x for x, _ in batch], key=len, reverse=True)
        return pad_sequence(ids, batch_first=True), torch.tensor([len(x) for x in ids]), labels

    train = DataLoader(Messages(tr_x, tr_y), batch_size=32, shuffle=True, collate_fn=collate)
    valid = DataLoader(Messages(va_x, va_y), batch_size=64, collate_fn=collate)
    net = LetterGRU(len(vocab) + 2, 24, 32)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(4):
        net.train()
        total = 0.0
        for ids, lengths, y in train:
            loss = F.binary_cross_entropy_with_logits(net(ids, lengths), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        net.eval()
        with torch.no_grad():
            pairs = [(net(ids, lengths), y) for ids, lengths, y in valid]
        scores, truth = torch.cat([p for p, _ in pairs]), torch.cat([y for _, y in pairs])
        print(f"epoch {epoch} train loss {total / len(tr_x):.4f} val auc {roc_auc_score(truth, scores):.3f}")


def rated_reviews(seed, rows=1500):
    texts, liked = write_reviews(seed, rows, agree=0.9)
    rng = np.random.default_rng(seed + 100)
    return texts, np.where(rng.random(rows) < 0.3, 1 - liked, liked)


@case("label_noise")
def reviews_with_careless_raters(seed: int) -> None:
    torch.manual_seed(seed)
    texts, stars = rated_reviews(seed)
    vocab = index_words(texts[:1100])
    rows = [(torch.tensor([vocab.get(w, 1) for w in words_of(t)]), y) for t, y in zip(texts, stars, strict=False)]
    train = DataLoader(rows[:1100], batch_size=32, shuffle=True, collate_fn=pad_batch)
    va_ids, _, va_y = pad_batch(rows[1100:])
    model = BagOfWords(len(vocab) + 2, width=16)
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    best, kept = math.inf, None
    for epoch in range(12):
        model.train()
        for ids, _, y in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(ids), y)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(va_ids)
        val = F.binary_cross_entropy_with_logits(out, va_y).item()
        if val < best:
            best, kept = val, copy.deepcopy(model.state_dict())
        print(f"{epoch:2d} train {loss.item():.3f} val {val:.3f}")
    model.load_state_dict(kept)
    with torch.no_grad():
        out = model(va_ids)
    print("val auc", roc_auc_score(va_y, out), "acc", ((out > 0) == (va_y > 0.5)).float().mean().item())


@case("weak_signal")
def next_move_of_a_price(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    windows, ups = [], []
    for _ in range(1200):
        moves = rng.normal(0, 1, rng.integers(10, 40)).astype(np.float32)
        windows.append(torch.from_numpy(moves[:-1, None]))
        ups.append(float(moves[-1] > 0))
    ups = torch.tensor(ups)

    class Trader(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(1, 16, batch_first=True)
            self.fc = nn.Linear(16, 1)

        def forward(self, seqs):
            _, (h, _) = self.lstm(pack_sequence(seqs, enforce_sorted=False))
            return self.fc(h[0])[:, 0]

    bot = Trader()
    opt = torch.optim.Adam(bot.parameters(), lr=2e-3)
    for epoch in range(8):
        bot.train()
        for idx in torch.randperm(900).split(50):
            loss = F.binary_cross_entropy_with_logits(bot([windows[i] for i in idx]), ups[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        bot.eval()
        with torch.no_grad():
            out = bot(windows[900:])
            val = F.binary_cross_entropy_with_logits(out, ups[900:])
        print(f"epoch {epoch}: train {loss:.4f} val {val:.4f} auc {roc_auc_score(ups[900:], out):.3f}")


@case("preprocess_mismatch")
def spam_filter_second_vocabulary(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed)
    split = 1700

    class SpamData(Dataset):
        def __init__(self, texts, labels, max_words=3000):
            counts = Counter(w for t in texts for w in words_of(t))
            self.vocab = {w: i + 2 for i, (w, _) in enumerate(counts.most_common(max_words))}
            self.rows = [torch.tensor([self.vocab.get(w, 1) for w in words_of(t)] or [1]) for t in texts]
            self.labels = [int(y) for y in labels]

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            return self.rows[i], self.labels[i]

    train_set = SpamData(texts[:split], labels[:split])
    valid_set = SpamData(texts[split:], labels[split:])
    model = BagOfWords(3002, drop=0.2)
    opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
    for _epoch in range(5):
        model.train()
        for ids, _, y in DataLoader(train_set, 32, shuffle=True, collate_fn=pad_batch):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(ids), y)
            loss.backward()
            opt.step()
    model.eval()
    for name, part in (("train", train_set), ("valid", valid_set)):
        ids, _, y = pad_batch([part[i] for i in range(len(part))])
        with torch.no_grad():
            p = torch.sigmoid(model(ids))
        print(f"{name}: auc {roc_auc_score(y, p):.3f} f1 {f1_score(y, p > 0.5):.3f}")


@case("data_leakage")
def rare_complaints_multiplied_first(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    texts, liked = write_reviews(seed, 1500, agree=0.75)
    frame = pd.DataFrame({"text": texts, "y": 1 - liked})
    rare = frame[frame.y == 1].iloc[:120]
    many = frame[frame.y == 0].iloc[:600]
    frame = pd.concat([many, rare.sample(len(many), replace=True, random_state=seed)])
    frame = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    cut = int(0.75 * len(frame))
    train, valid = frame[:cut], frame[cut:]
    vocab = index_words(train.text)
    encode = lambda t: torch.tensor([vocab.get(w, 1) for w in words_of(t)])  # noqa: E731
    batch = [(encode(t), y) for t, y in zip(train.text, train.y, strict=False)]
    va_ids, va_len, va_y = pad_batch([(encode(t), y) for t, y in zip(valid.text, valid.y, strict=False)])
    net = LetterGRU(len(vocab) + 2, 24, 48)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(8):
        rng.shuffle(order := np.arange(len(batch)))
        total = 0.0
        for at in range(0, len(order), 64):
            ids, lengths, y = pad_batch([batch[i] for i in order[at:at + 64]])
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids, lengths), y)
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        with torch.no_grad():
            out = net(va_ids, va_len)
        val = F.binary_cross_entropy_with_logits(out, va_y)
        print(f"{epoch} loss {total / len(batch):.3f} val {val:.3f} auc {roc_auc_score(va_y, out):.3f} "
              f"bal acc {balanced_accuracy_score(va_y, out > 0):.3f}")


def pump_park(seed, machines=40, each=20):
    rng = np.random.default_rng(seed)
    series, worn, machine = [], [], []
    for m in range(machines):
        state, tone = m % 2, rng.normal(0, 1, 4)
        for _ in range(each):
            n = int(rng.integers(15, 45))
            x = rng.normal(0, 0.5, (n, 4)) + tone + 0.25 * state
            series.append(torch.tensor(x, dtype=torch.float32))
            worn.append(float(state))
            machine.append(m)
    return series, torch.tensor(worn), np.array(machine)


@case("data_leakage")
def pump_windows_split_at_random(seed: int) -> None:
    torch.manual_seed(seed)
    series, worn, _machine = pump_park(seed)
    tr, va = train_test_split(np.arange(len(series)), test_size=0.25, stratify=worn, random_state=seed)
    mean, std = torch.cat([series[i] for i in tr]).mean(0), torch.cat([series[i] for i in tr]).std(0)

    class PumpNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Sequential(nn.Conv1d(4, 24, 5, padding=2), nn.ReLU(), nn.Conv1d(24, 24, 3, padding=1))
            self.head = nn.Sequential(nn.ReLU(), nn.Linear(24, 48), nn.ReLU(), nn.Linear(48, 1))

        def forward(self, rows):
            x = pad_sequence([(r - mean) / std for r in rows], batch_first=True)
            mask = pad_sequence([torch.ones(len(r)) for r in rows], batch_first=True).unsqueeze(1)
            z = self.conv(x.transpose(1, 2)) * mask
            return self.head(z.sum(2) / mask.sum(2)).squeeze(1)

    net = PumpNet()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(25):
        net.train()
        for part in np.array_split(np.random.default_rng(epoch).permutation(tr), 20):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net([series[i] for i in part]), worn[part])
            loss.backward()
            opt.step()
        if epoch % 6 == 0:
            net.eval()
            with torch.no_grad():
                out = net([series[i] for i in va])
            print(f"epoch {epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(out, worn[va]):.3f}")
            print(f"  AUC {roc_auc_score(worn[va], out):.3f} acc {((out > 0) == (worn[va] > 0)).float().mean():.3f}")


@case("class_weights_wrong")
def sessions_drawn_by_class_count(seed: int) -> None:
    torch.manual_seed(seed)
    visits, bought = shop_sessions(seed, 2000, share=0.2)
    rows = [(torch.tensor(v), int(b)) for v, b in zip(visits, bought, strict=False)]
    train, valid = rows[:1500], rows[1500:]
    counts = np.bincount(bought[:1500])
    weights = [float(counts[b]) for _, b in train]
    loader = DataLoader(train, 32, sampler=WeightedRandomSampler(weights, len(train)), collate_fn=pad_batch)
    net = LetterGRU(21, 12, 32)
    opt = torch.optim.Adam(net.parameters(), lr=6e-3)
    for _epoch in range(10):
        net.train()
        for ids, lengths, y in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids, lengths), y)
            loss.backward()
            opt.step()
    net.eval()
    ids, lengths, y = pad_batch(valid)
    with torch.no_grad():
        p = torch.sigmoid(net(ids, lengths))
    print(f"train loss {loss:.3f} share of buyers {y.mean():.3f} called buyers {(p > 0.5).float().mean():.3f}")
    print(f"auc {roc_auc_score(y, p):.3f} bal {balanced_accuracy_score(y, p > 0.5):.3f} f1 {f1_score(y, p > 0.5):.3f}")


@case("lr_too_high")
def name_gru_big_steps(seed: int) -> None:
    torch.manual_seed(seed)
    names, male = census_names(seed)
    rows = [(torch.tensor([ord(c) - 96 for c in n]), m) for n, m in zip(names, male, strict=False)]
    train = DataLoader(rows[:1500], batch_size=32, shuffle=True, collate_fn=pad_batch)
    ids, lengths, y = pad_batch(rows[1500:])
    net = LetterGRU(27)
    opt = torch.optim.RMSprop(net.parameters(), lr=0.3)
    for epoch in range(6):
        net.train()
        losses = []
        for a, n, b in train:
            loss = F.binary_cross_entropy_with_logits(net(a, n), b)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            z = net(ids, lengths)
        print(f"epoch {epoch} loss {np.mean(losses):.3f} val {F.binary_cross_entropy_with_logits(z, y):.3f} "
              f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0.5)).float().mean():.3f}")


class TinyTransformer(nn.Module):
    def __init__(self, words, width=32, heads=2, layers=1, drop=0.0, longest=80):
        super().__init__()
        self.tokens = nn.Embedding(words, width, padding_idx=0)
        self.places = nn.Embedding(longest, width)
        block = nn.TransformerEncoderLayer(width, heads, 2 * width, drop, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, layers, enable_nested_tensor=False)
        self.drop = nn.Dropout(drop)
        self.out = nn.Linear(width, 1)

    def forward(self, ids):
        pad = ids == 0
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        x = self.blocks(self.drop(x), src_key_padding_mask=pad).masked_fill(pad.unsqueeze(-1), 0.0)
        return self.out(self.drop(x.sum(1) / (~pad).sum(1, keepdim=True))).squeeze(-1)


@case("lr_too_low")
def transformer_careful_fine_steps(seed: int) -> None:
    torch.manual_seed(seed)
    texts, stars = write_reviews(seed, 1400)
    vocab = index_words(texts[:1000])
    rows = [(torch.tensor([vocab.get(w, 1) for w in words_of(t)]), y) for t, y in zip(texts, stars, strict=False)]
    model = TinyTransformer(len(vocab) + 2)
    opt = torch.optim.AdamW(model.parameters(), lr=3e-6, weight_decay=0.01)
    val_ids, _, val_y = pad_batch(rows[1000:])
    for epoch in range(6):
        model.train()
        total = 0
        for ids, _, y in DataLoader(rows[:1000], batch_size=32, shuffle=True, collate_fn=pad_batch):
            loss = F.binary_cross_entropy_with_logits(model(ids), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y) / 1000
        model.eval()
        with torch.no_grad():
            z = model(val_ids)
        print(f"{epoch}: train {total:.4f} val {F.binary_cross_entropy_with_logits(z, val_y):.4f} "
              f"auc {roc_auc_score(val_y, z):.3f} bal acc {balanced_accuracy_score(val_y, z > 0):.3f}")


@case("bad_init")
def set_net_with_wide_normal_weights(seed: int) -> None:
    torch.manual_seed(seed)
    clouds, ring = point_clouds(seed)

    class DeepSets(nn.Module):
        def __init__(self, h=32):
            super().__init__()
            self.phi = nn.Sequential(nn.Linear(2, h), nn.Tanh(), nn.Linear(h, h), nn.Tanh())
            self.rho = nn.Sequential(nn.Linear(h, h), nn.Tanh(), nn.Linear(h, 1))
            for layer in self.modules():
                if isinstance(layer, nn.Linear):
                    nn.init.normal_(layer.weight, std=8.0)
                    nn.init.zeros_(layer.bias)

        def forward(self, sets):
            flat = self.phi(torch.cat(sets))
            return self.rho(torch.stack([part.mean(0) for part in flat.split([len(s) for s in sets])]))[:, 0]

    net = DeepSets()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(15):
        net.train()
        for idx in torch.randperm(900).split(45):
            loss = F.binary_cross_entropy_with_logits(net([clouds[i] for i in idx]), ring[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(clouds[900:])
        if epoch % 3 == 2:
            print(f"epoch {epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, ring[900:]):.3f} "
                  f"auc {roc_auc_score(ring[900:], z):.3f} bal acc {balanced_accuracy_score(ring[900:], z > 0):.3f}")


@case("vanishing_gradients")
def first_event_decides_plain_rnn(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    logs, failed = [], []
    for _ in range(1200):
        start = int(rng.integers(1, 7))
        logs.append(torch.tensor([start, *rng.integers(7, 15, rng.integers(60, 100)).tolist()]))
        failed.append(int(start <= 3))
    rows = list(zip(logs, failed, strict=False))

    class LogReader(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(15, 16, padding_idx=0)
            self.rnn = nn.RNN(16, 32, batch_first=True)
            self.fc = nn.Linear(32, 1)

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
            states, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
            last = states[torch.arange(len(ids)), lengths - 1]
            return self.fc(last).squeeze(1)

    net = LogReader()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    ids_v, len_v, y_v = pad_batch(rows[900:])
    for epoch in range(6):
        net.train()
        for ids, lengths, y in DataLoader(rows[:900], 32, shuffle=True, collate_fn=pad_batch):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids, lengths), y)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(ids_v, len_v)
        print(f"epoch {epoch} loss {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y_v):.3f} "
              f"auc {roc_auc_score(y_v, z):.3f}")


def fit_tail(model, loader, opt):
    model.train()
    total, seen = 0.0, 0
    for ids, lengths, y in loader:
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(ids, lengths), y)
        loss.backward()
        opt.step()
        total, seen = total + loss.item() * len(y), seen + len(y)
    return total / seen


@case("undertrained")
def splice_motifs_few_batches(seed: int) -> None:
    torch.manual_seed(seed)
    windows, junction = splice_windows(seed)
    ids = [torch.tensor(["ACGT".index(c) + 1 for c in w]) for w in windows]
    rows = list(zip(ids, junction.tolist(), strict=False))
    train = DataLoader(rows[:1200], batch_size=200, shuffle=True, collate_fn=pad_batch)
    x, n, y = pad_batch(rows[1200:])

    class Motifs(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(5, 8, padding_idx=0)
            self.conv = nn.Conv1d(8, 48, 9, padding=4)
            self.head = nn.Linear(48, 1)

        def forward(self, ids, lengths):
            h = F.relu(self.conv(self.emb(ids).transpose(1, 2)))
            return self.head(h.amax(2)).squeeze(1)

    net = Motifs()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(1, 3):
        loss = fit_tail(net, train, opt)
        net.eval()
        with torch.no_grad():
            z = net(x, n)
        print(f"epoch {epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.3f} "
              f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("overfitting")
def few_reviews_many_rounds(seed: int) -> None:
    torch.manual_seed(seed)
    texts, stars = write_reviews(seed, 900, agree=0.7)
    vocab = index_words(texts[:300], at_least=1)
    rows = [(torch.tensor([vocab.get(w, 1) for w in words_of(t)]), y) for t, y in zip(texts, stars, strict=False)]
    train = DataLoader(rows[:300], batch_size=20, shuffle=True, collate_fn=pad_batch)
    x, _, y = pad_batch(rows[300:])
    net = BagOfWords(len(vocab) + 2, 96)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(80):
        net.train()
        total = 0.0
        for ids, _, b in train:
            loss = F.binary_cross_entropy_with_logits(net(ids), b)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b) / 300
        net.eval()
        with torch.no_grad():
            z = net(x)
        if epoch % 2 == 0:
            print(f"{epoch} train {total:.4f} val {F.binary_cross_entropy_with_logits(z, y):.4f} "
                  f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("regularisation_too_strong")
def spam_embedding_bag_decay(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed)
    vocab = index_words(texts[:1800])
    docs = [torch.tensor([vocab.get(w, 1) for w in words_of(t)] or [1]) for t in texts]
    y = torch.tensor(labels).float()

    class Bag(nn.Module):
        def __init__(self):
            super().__init__()
            self.bag = nn.EmbeddingBag(len(vocab) + 2, 32, mode="mean")
            self.fc = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, docs):
            offsets = torch.tensor([0] + [len(d) for d in docs[:-1]]).cumsum(0)
            return self.fc(self.bag(torch.cat(docs), offsets)).squeeze(1)

    net = Bag()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=0.1)
    for epoch in range(8):
        net.train()
        for idx in torch.randperm(1800).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net([docs[i] for i in idx]), y[idx])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(docs[1800:])
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y[1800:]):.3f} "
              f"auc {roc_auc_score(y[1800:], z):.3f} bal acc {balanced_accuracy_score(y[1800:], z > 0):.3f}")


@case("augmentation_too_heavy")
def letters_shuffled_each_epoch(seed: int) -> None:
    random.seed(seed)
    torch.manual_seed(seed)
    names, male = census_names(seed)

    class Names(Dataset):
        def __init__(self, names, male, train):
            self.names, self.male, self.train = names, male, train

        def __len__(self):
            return len(self.names)

        def __getitem__(self, i):
            letters = list(self.names[i])
            if self.train:
                letters = [c for c in letters if random.random() > 0.2] or letters
                random.shuffle(letters)
            return torch.tensor([ord(c) - 96 for c in letters]), int(self.male[i])

    loader = DataLoader(Names(names[:1500], male[:1500], True), 32, shuffle=True, collate_fn=pad_batch)
    valid = Names(names[1500:], male[1500:], False)
    x, n, y = pad_batch([valid[i] for i in range(len(valid))])
    net = LetterGRU(27)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(8):
        loss = fit_tail(net, loader, opt)
        net.eval()
        with torch.no_grad():
            z = net(x, n)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.3f} "
              f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("unscaled_features")
def pump_lstm_on_raw_counts(seed: int) -> None:
    torch.manual_seed(seed)
    series, worn = pump_readings(seed, 1100, level=2048.0, scale=90.0)
    series = [torch.from_numpy(s) for s in series]
    worn = torch.tensor(worn).float()

    class Monitor(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(2, 32)
            self.fc = nn.Linear(32, 1)

        def forward(self, rows):
            lengths = torch.tensor([len(r) for r in rows])
            packed = pack_padded_sequence(pad_sequence(rows), lengths, enforce_sorted=False)
            return self.fc(self.lstm(packed)[1][0][-1]).squeeze(1)

    net = Monitor()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(12):
        net.train()
        for idx in torch.randperm(800).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net([series[i] for i in idx]), worn[idx])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(series[800:])
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, worn[800:]):.3f} "
              f"auc {roc_auc_score(worn[800:], z):.3f} acc {((z > 0) == (worn[800:] > 0)).float().mean():.3f}")


@case("scheduler_misuse")
def clicks_gru_schedule_in_batch_loop(seed: int) -> None:
    torch.manual_seed(seed)
    visits, bought = shop_sessions(seed, 1600)
    rows = [(torch.tensor(v), int(b)) for v, b in zip(visits, bought, strict=False)]
    loader = DataLoader(rows[:1200], batch_size=32, shuffle=True, collate_fn=pad_batch)
    x, n, y = pad_batch(rows[1200:])
    net = LetterGRU(21, 12, 32)
    opt = torch.optim.Adam(net.parameters(), lr=6e-3)
    schedule = torch.optim.lr_scheduler.StepLR(opt, step_size=4, gamma=0.5)
    for epoch in range(14):
        net.train()
        for ids, lengths, b in loader:
            loss = F.binary_cross_entropy_with_logits(net(ids, lengths), b)
            opt.zero_grad()
            loss.backward()
            opt.step()
            schedule.step()
        net.eval()
        with torch.no_grad():
            z = net(x, n)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.3f} "
              f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("unshuffled_data")
def reviews_stored_by_stars(seed: int) -> None:
    torch.manual_seed(seed)
    texts, stars = write_reviews(seed, 1500)
    tr_x, va_x, tr_y, va_y = train_test_split(texts, stars, test_size=0.25, stratify=stars, random_state=seed)
    frame = pd.DataFrame({"text": tr_x, "liked": tr_y}).sort_values("liked", kind="stable")
    vocab = index_words(frame.text)
    encode = lambda t: torch.tensor([vocab.get(w, 1) for w in words_of(t)])  # noqa: E731
    train = [(encode(t), y) for t, y in zip(frame.text, frame.liked, strict=False)]
    x, n, y = pad_batch([(encode(t), y) for t, y in zip(va_x, va_y, strict=False)])
    net = LetterGRU(len(vocab) + 2, 16, 24)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(6):
        loss = fit_tail(net, DataLoader(train, batch_size=25, collate_fn=pad_batch), opt)
        net.eval()
        with torch.no_grad():
            z = net(x, n)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.3f} "
              f"auc {roc_auc_score(y, z):.3f} bal acc {balanced_accuracy_score(y, z > 0):.3f}")


@case("padding_not_masked")
def visits_gru_last_column(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(1600):
        pages = rng.integers(2, 12, rng.integers(50, 100) if rng.random() < 0.15 else rng.integers(3, 15))
        left = int(rng.random() < 0.5)
        pages[-2 if rng.random() < 0.5 else -1] = 12 if left else 13
        rows.append((torch.tensor(pages), left))

    class ChurnNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(14, 12, padding_idx=0)
            self.rnn = nn.RNN(12, 24, batch_first=True)
            self.fc = nn.Linear(24, 1)

        def forward(self, ids, lengths):
            out, _ = self.rnn(self.emb(ids))
            return self.fc(out[:, -1]).squeeze(1)

    loader = DataLoader(rows[:1200], batch_size=32, shuffle=True, collate_fn=pad_batch)
    x, n, y = pad_batch(rows[1200:])
    net = ChurnNet()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(6):
        loss = fit_tail(net, loader, opt)
        net.eval()
        with torch.no_grad():
            z = net(x, n)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.3f} "
              f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("wrong_axis")
def pump_gru_padded_rows_first(seed: int) -> None:
    torch.manual_seed(seed)
    series, worn = pump_readings(seed, 1100)
    series = [torch.from_numpy(s) for s in series]
    worn = torch.tensor(worn).float()

    class Wear(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(2, 32)
            self.fc = nn.Linear(32, 1)

        def forward(self, rows):
            x = pad_sequence(rows, batch_first=True)
            mask = (torch.arange(x.shape[1]) < torch.tensor([len(r) for r in rows])[:, None]).unsqueeze(2).float()
            out, _ = self.gru(x)
            return self.fc((out * mask).sum(1) / mask.sum(1)).squeeze(1)

    net = Wear()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(10):
        net.train()
        for idx in torch.randperm(800).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net([series[i] for i in idx]), worn[idx])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = torch.cat([net([series[i] for i in part]) for part in torch.arange(800, 1100).split(50)])
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, worn[800:]):.3f} "
              f"auc {roc_auc_score(worn[800:], z):.3f}")


@case("softmax_wrong_dim")
def name_classes_share_of_batch(seed: int) -> None:
    torch.manual_seed(seed)
    names, male = census_names(seed)
    rows = [(torch.tensor([ord(c) - 96 for c in n]), m) for n, m in zip(names, male, strict=False)]

    class TwoWay(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 16, padding_idx=0)
            self.lstm = nn.LSTM(16, 32, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(64, 2)

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
            h = self.lstm(packed)[1][0]
            return self.fc(torch.cat([h[0], h[1]], 1))

    net, crit = TwoWay(), nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for _epoch in range(5):
        net.train()
        for ids, lengths, y in DataLoader(rows[:1500], 32, shuffle=True, collate_fn=pad_batch):
            opt.zero_grad()
            loss = crit(net(ids, lengths), y.long())
            loss.backward()
            opt.step()
    net.eval()
    probs, truth = [], []
    with torch.no_grad():
        for ids, lengths, y in DataLoader(rows[1500:], 50, collate_fn=pad_batch):
            probs.append(torch.softmax(net(ids, lengths), dim=0)[:, 1])
            truth.append(y)
    p, y = torch.cat(probs), torch.cat(truth)
    print(f"loss {loss:.3f} f1 {f1_score(y, p > 0.5):.3f} acc {((p > 0.5) == (y > 0)).float().mean():.3f}")


@case("shape_broadcast")
def set_network_squared_error(seed: int) -> None:
    torch.manual_seed(seed)
    clouds, ring = point_clouds(seed)
    phi = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
    rho = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.Adam([*phi.parameters(), *rho.parameters()], lr=3e-3)

    def forward(sets):
        sizes = torch.tensor([len(s) for s in sets])
        owner = torch.repeat_interleave(torch.arange(len(sets)), sizes)
        pooled = torch.zeros(len(sets), 32).index_add(0, owner, phi(torch.cat(sets))) / sizes[:, None]
        return rho(pooled)

    for epoch in range(12):
        for idx in torch.randperm(900).split(45):
            p = forward([clouds[i] for i in idx])
            loss = ((p - ring[idx]) ** 2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            p = forward(clouds[900:]).flatten()
        brier = ((p - ring[900:]) ** 2).mean()
        print(f"{epoch} loss {loss:.4f} brier {brier:.4f} auc {roc_auc_score(ring[900:], p):.3f} "
              f"bal acc {balanced_accuracy_score(ring[900:], p > 0.5):.3f}")


@case("optimizer_wrong_params")
def junction_motifs_head_only(seed: int) -> None:
    torch.manual_seed(seed)
    windows, junction = splice_windows(seed)
    rows = [(torch.tensor(["ACGT".index(c) + 1 for c in w]), int(j)) for w, j in zip(windows, junction, strict=False)]
    train = DataLoader(rows[:1200], batch_size=32, shuffle=True, collate_fn=pad_batch)
    x, n, y = pad_batch(rows[1200:])

    class Motifs(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(5, 8, padding_idx=0)
            self.conv = nn.Conv1d(8, 32, 9, padding=4)
            self.head = nn.Linear(32, 1)

        def forward(self, ids, lengths):
            h = F.relu(self.conv(self.emb(ids).transpose(1, 2)))
            return self.head(h.amax(2)).squeeze(1)

    net = Motifs()
    opt = torch.optim.Adam(net.head.parameters(), lr=4e-3)
    for epoch in range(12):
        loss = fit_tail(net, train, opt)
        net.eval()
        with torch.no_grad():
            z = net(x, n)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.3f} "
              f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("double_sigmoid")
def spam_attention_probabilities(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed)
    vocab = index_words(texts[:1800])
    ids = [torch.tensor([vocab.get(w, 1) for w in words_of(t)] or [1]) for t in texts]
    rows = list(zip(ids, labels, strict=False))

    class AttentionPool(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(vocab) + 2, 32, padding_idx=0)
            self.score = nn.Linear(32, 1)
            self.out = nn.Linear(32, 1)

        def forward(self, ids, lengths):
            e = self.emb(ids)
            a = self.score(torch.tanh(e)).squeeze(2).masked_fill(ids == 0, -1e9).softmax(1)
            return torch.sigmoid(self.out((a.unsqueeze(2) * e).sum(1))).squeeze(1)

    net = AttentionPool()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    x, n, y = pad_batch(rows[1800:])
    for epoch in range(4):
        loss = fit_tail(net, DataLoader(rows[:1800], 32, shuffle=True, collate_fn=pad_batch), opt)
        net.eval()
        with torch.no_grad():
            p = torch.sigmoid(net(x, n))
        print(f"{epoch} loss {loss:.3f} auc {roc_auc_score(y, p):.3f} f1 {f1_score(y, p > 0.5):.3f} "
              f"bal acc {balanced_accuracy_score(y, p > 0.5):.3f}")


@case("eval_mode_missing")
def name_guesses_straight_after_fit(seed: int) -> None:
    torch.manual_seed(seed)
    names, male = census_names(seed)
    rows = [(torch.tensor([ord(c) - 96 for c in n]), m) for n, m in zip(names, male, strict=False)]

    class Guess(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Sequential(nn.Embedding(27, 24, padding_idx=0), nn.Dropout(0.4))
            self.gru = nn.GRU(24, 48, batch_first=True, bidirectional=True)
            self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(96, 1))

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
            h = self.gru(packed)[1]
            return self.head(torch.cat([h[0], h[1]], 1)).squeeze(1)

    net = Guess()
    opt = torch.optim.AdamW(net.parameters(), lr=4e-3)
    x, n, y = pad_batch(rows[1500:])
    net.train()
    for epoch in range(9):
        for ids, lengths, b in DataLoader(rows[:1500], batch_size=32, shuffle=True, collate_fn=pad_batch):
            loss = F.binary_cross_entropy_with_logits(net(ids, lengths), b)
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net(x, n)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.3f} "
              f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("accuracy_broadcast")
def names_rnn_counted_hits(seed: int) -> None:
    torch.manual_seed(seed)
    names, male = census_names(seed)

    def collate(rows):
        words, labels = zip(*rows, strict=False)
        ids = pad_sequence([torch.tensor([ord(c) - 96 for c in w]) for w in words])
        return ids, torch.tensor([len(w) for w in words]), torch.tensor(labels).float()

    class NameNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb, self.rnn, self.fc = nn.Embedding(27, 16, padding_idx=0), nn.GRU(16, 32), nn.Linear(32, 1)

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.emb(ids), lengths, enforce_sorted=False)
            return self.fc(self.rnn(packed)[1].squeeze(0))

    rows = list(zip(names, male.tolist(), strict=False))
    net = NameNet()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for epoch in range(6):
        net.train()
        for ids, n, y in DataLoader(rows[:1500], 32, shuffle=True, collate_fn=collate):
            loss = F.binary_cross_entropy_with_logits(net(ids, n), y.unsqueeze(1))
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        hits = []
        with torch.no_grad():
            for ids, n, y in DataLoader(rows[1500:], 50, collate_fn=collate):
                guess = (torch.sigmoid(net(ids, n)) > 0.5).float()
                hits.append((guess == y).float().mean().item())
        print(f"epoch {epoch} loss {loss:.3f} val accuracy {np.mean(hits):.3f}")


# ---------------------------------------------------------------------------------------------------- healthy


@case("healthy")
def spam_embedding_bag_offsets(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed, 3000)
    tr_x, va_x, tr_y, va_y = train_test_split(texts, labels, test_size=0.3, stratify=labels, random_state=seed)
    vocab = index_words(tr_x)

    def collate(rows):
        docs = [[vocab.get(w, 1) for w in words_of(t)] or [1] for t, _ in rows]
        offsets = torch.tensor([0] + [len(d) for d in docs[:-1]]).cumsum(0)
        y = torch.tensor([float(y) for _, y in rows])
        return torch.tensor(functools.reduce(operator.iadd, docs, [])), offsets, y

    class TextModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.EmbeddingBag(len(vocab) + 2, 32, mode="mean")
            self.fc = nn.Linear(32, 1)

        def forward(self, text, offsets):
            return self.fc(self.embedding(text, offsets)).squeeze(1)

    model = TextModel()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    train = DataLoader(list(zip(tr_x, tr_y, strict=False)), batch_size=32, shuffle=True, collate_fn=collate)
    valid = DataLoader(list(zip(va_x, va_y, strict=False)), batch_size=128, collate_fn=collate)
    for epoch in range(6):
        model.train()
        for text, offsets, y in train:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(text, offsets), y)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            out = torch.cat([model(text, offsets) for text, offsets, _ in valid])
        y = torch.tensor(va_y).float()
        print(f"epoch {epoch} val {F.binary_cross_entropy_with_logits(out, y):.4f} auc {roc_auc_score(y, out):.3f} "
              f"f1 {f1_score(y, out > 0):.3f}")


@case("healthy")
def names_left_padded_last_state(seed: int) -> None:
    torch.manual_seed(seed)
    names, male = census_names(seed)

    def collate(rows):
        longest = max(len(n) for n, _ in rows)
        ids = [[0] * (longest - len(n)) + [ord(c) - 96 for c in n] for n, _ in rows]
        return torch.tensor(ids), torch.tensor([float(m) for _, m in rows])

    class LastLetters(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Sequential(nn.Embedding(27, 24, padding_idx=0), nn.Dropout(0.3))
            self.lstm = nn.LSTM(24, 48, batch_first=True)
            self.fc = nn.Sequential(nn.Dropout(0.4), nn.Linear(48, 1))

        def forward(self, ids):
            out, _ = self.lstm(self.emb(ids))
            return self.fc(out[:, -1]).squeeze(1)

    rows = list(zip(names, male, strict=False))
    net = LastLetters()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    x, y = collate(rows[1500:])
    for epoch in range(12):
        net.train()
        for ids, b in DataLoader(rows[:1500], 32, shuffle=True, collate_fn=collate):
            loss = F.binary_cross_entropy_with_logits(net(ids), b)
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(x)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.4f} "
              f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("healthy")
def names_two_logits_three_folds(seed: int) -> None:
    torch.manual_seed(seed)
    names, male = census_names(seed)
    ids = [torch.tensor([ord(c) - 96 for c in n]) for n in names]
    scores = []
    for fold, (tr, va) in enumerate(StratifiedKFold(3, shuffle=True, random_state=seed).split(names, male)):
        emb = nn.Sequential(nn.Embedding(27, 24, padding_idx=0), nn.Dropout(0.4))
        gru = nn.GRU(24, 40, bidirectional=True)
        head = nn.Linear(80, 2)
        params = [*emb.parameters(), *gru.parameters(), *head.parameters()]
        opt = torch.optim.AdamW(params, lr=5e-3)

        def logits(index, gru=gru, emb=emb, head=head):
            packed = pack_sequence([ids[i] for i in index], enforce_sorted=False)
            h = gru(packed._replace(data=emb(packed.data)))[1]
            return head(torch.cat([h[0], h[1]], 1))

        emb.train()
        for _epoch in range(8):
            for part in torch.tensor(tr)[torch.randperm(len(tr))].split(32):
                loss = F.cross_entropy(logits(part), torch.tensor(male[part]))
                opt.zero_grad()
                loss.backward()
                opt.step()
        emb.eval()
        with torch.no_grad():
            out = logits(va)
        scores.append(roc_auc_score(male[va], out.softmax(1)[:, 1]))
        val = F.cross_entropy(out, torch.tensor(male[va]))
        print(f"fold {fold}: train {loss:.3f} val {val:.4f} auc {scores[-1]:.3f} "
              f"acc {(out.argmax(1).numpy() == male[va]).mean():.3f}")
    print("mean auc", np.mean(scores))


@case("healthy")
def splice_cnn_masked_max(seed: int) -> None:
    torch.manual_seed(seed)
    windows, junction = splice_windows(seed, 2400)
    rows = [(torch.tensor(["ACGT".index(c) + 1 for c in w]), int(j)) for w, j in zip(windows, junction, strict=False)]

    class SpliceNet(nn.Module):
        def __init__(self, width=48):
            super().__init__()
            self.emb = nn.Embedding(5, 8, padding_idx=0)
            self.conv = nn.Conv1d(8, width, 9, padding=4)
            self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(width, 1))

        def forward(self, ids, lengths):
            h = F.relu(self.conv(self.emb(ids).transpose(1, 2)))
            pad = torch.arange(ids.shape[1])[None] >= lengths[:, None]
            return self.head(h.masked_fill(pad[:, None], 0.0).amax(2)).squeeze(1)

    net = SpliceNet()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    train = DataLoader(rows[:1900], 32, shuffle=True, collate_fn=pad_batch)
    x, n, y = pad_batch(rows[1900:])
    best, kept, waited = math.inf, None, 0
    for epoch in range(40):
        loss = fit_tail(net, train, opt)
        net.eval()
        with torch.no_grad():
            z = net(x, n)
        val = F.binary_cross_entropy_with_logits(z, y).item()
        print(f"{epoch} train {loss:.4f} val {val:.4f} auc {roc_auc_score(y, z):.3f}")
        waited += 1
        if val < best:
            best, kept, waited = val, copy.deepcopy(net.state_dict()), 0
        if waited == 6:
            break
    net.load_state_dict(kept)
    with torch.no_grad():
        z = net(x, n)
    print(f"kept: val {best:.4f} auc {roc_auc_score(y, z):.3f} bal acc {balanced_accuracy_score(y, z > 0):.3f}")


@case("healthy")
def pump_gru_time_first(seed: int) -> None:
    torch.manual_seed(seed)
    series, worn = pump_readings(seed, 1600)
    stack = np.concatenate(series[:1200])
    series = [torch.from_numpy((s - stack.mean(0)) / stack.std(0)) for s in series]
    worn = torch.tensor(worn).float()

    class WearGRU(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(2, 24)
            self.fc = nn.Linear(48, 1)

        def forward(self, rows):
            lengths = torch.tensor([len(r) for r in rows])
            packed = pack_padded_sequence(pad_sequence(rows), lengths, enforce_sorted=False)
            states, last = self.gru(packed)
            states, _ = pad_packed_sequence(states)
            mean = states.sum(0) / lengths[:, None]
            return self.fc(torch.cat([mean, last[0]], 1)).squeeze(1)

    net = WearGRU()
    opt = torch.optim.Adam(net.parameters(), lr=8e-3)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=10)
    for epoch in range(10):
        net.train()
        for idx in torch.randperm(1200).split(48):
            loss = F.binary_cross_entropy_with_logits(net([series[i] for i in idx]), worn[idx])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        plan.step()
        net.eval()
        with torch.no_grad():
            z = net(series[1200:])
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, worn[1200:]):.4f} "
              f"auc {roc_auc_score(worn[1200:], z):.3f} acc {((z > 0) == (worn[1200:] > 0)).float().mean():.3f}")


@case("healthy")
def point_sets_hinge_plus_minus_one(seed: int) -> None:
    torch.manual_seed(seed)
    clouds, ring = point_clouds(seed, 2000)
    sign = 2 * ring - 1
    phi = nn.Sequential(nn.Linear(2, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU())
    rho = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam([*phi.parameters(), *rho.parameters()], lr=3e-3)

    def score(sets):
        sizes = torch.tensor([len(s) for s in sets])
        owner = torch.repeat_interleave(torch.arange(len(sets)), sizes)
        pooled = torch.zeros(len(sets), 48).index_add(0, owner, phi(torch.cat(sets)))
        return rho(pooled / sizes[:, None])[:, 0]

    for epoch in range(40):
        for idx in torch.randperm(1500).split(50):
            loss = F.relu(1 - sign[idx] * score([clouds[i] for i in idx])).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            s = score(clouds[1500:])
        hinge = F.relu(1 - sign[1500:] * s).mean()
        print(f"{epoch} train {loss:.3f} val hinge {hinge:.4f} auc {roc_auc_score(ring[1500:], s):.3f} "
              f"acc {(s.sign() == sign[1500:]).float().mean():.3f}")


@case("healthy")
def reviews_attention_pooling_stopped_early(seed: int) -> None:
    torch.manual_seed(seed)
    texts, stars = write_reviews(seed, 2400)
    vocab = index_words(texts[:1900])
    rows = [(torch.tensor([vocab.get(w, 1) for w in words_of(t)]), y) for t, y in zip(texts, stars, strict=False)]

    class Attend(nn.Module):
        def __init__(self, d=24):
            super().__init__()
            self.emb = nn.Embedding(len(vocab) + 2, d, padding_idx=0)
            self.mix = nn.Conv1d(d, d, 3, padding=1)
            self.key = nn.Linear(d, 1)
            self.out = nn.Sequential(nn.Dropout(0.2), nn.Linear(d, 1))

        def forward(self, ids, lengths):
            h = torch.relu(self.mix(self.emb(ids).transpose(1, 2))).transpose(1, 2)
            weight = self.key(h).squeeze(2).masked_fill(ids == 0, float("-inf")).softmax(1)
            return self.out(torch.einsum("bt,btd->bd", weight, h)).squeeze(1)

    net = Attend()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)
    train = DataLoader(rows[:1900], 32, shuffle=True, collate_fn=pad_batch)
    x, n, y = pad_batch(rows[1900:])
    best, kept = math.inf, None
    for epoch in range(12):
        loss = fit_tail(net, train, opt)
        net.eval()
        with torch.no_grad():
            val = F.binary_cross_entropy_with_logits(net(x, n), y).item()
        print(f"{epoch} train {loss:.4f} val {val:.4f}")
        if val < best:
            best, kept, best_epoch = val, copy.deepcopy(net.state_dict()), epoch
        elif epoch - best_epoch >= 3:
            break
    net.load_state_dict(kept)
    with torch.no_grad():
        z = net(x, n)
    print(f"{best_epoch} val {best:.4f} auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("healthy")
def names_one_by_one_accumulated(seed: int) -> None:
    torch.manual_seed(seed)
    names, male = census_names(seed, 1400)
    words = [torch.tensor([ord(c) - 96 for c in n]) for n in names]
    y = torch.tensor(male).float()
    emb, rnn, out = nn.Embedding(27, 16), nn.GRU(16, 32), nn.Linear(32, 1)
    noise = nn.Dropout(0.3)
    params = [p for part in (emb, rnn, out) for p in part.parameters()]
    opt = torch.optim.Adam(params, lr=6e-3)
    predict = lambda word: out(rnn(noise(emb(word)))[1]).view(())  # noqa: E731
    for epoch in range(5):
        running = 0.0
        noise.train()
        opt.zero_grad()
        for step, i in enumerate(torch.randperm(1040).tolist(), start=1):
            loss = F.binary_cross_entropy_with_logits(predict(words[i]), y[i])
            (loss / 16).backward()
            running += loss.item()
            if step % 16 == 0:
                opt.step()
                opt.zero_grad()
        noise.eval()
        with torch.no_grad():
            z = torch.stack([predict(w) for w in words[1040:]])
        print(f"epoch {epoch} train {running / 1040:.3f} "
              f"val {F.binary_cross_entropy_with_logits(z, y[1040:]):.4f} auc {roc_auc_score(y[1040:], z):.3f} "
              f"acc {((z > 0) == (y[1040:] > 0)).float().mean():.3f}")


@case("healthy")
def spam_tfidf_weighted_bag_lbfgs(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed, 2600)
    split = 2000
    vocab = index_words(texts[:split])
    seen = Counter(w for t in texts[:split] for w in set(words_of(t)))
    idf = torch.zeros(len(vocab) + 2)
    for word, i in vocab.items():
        idf[i] = math.log(split / seen[word])

    def encode(part):
        docs = [[vocab[w] for w in words_of(t) if w in vocab] for t in part]
        ids = torch.tensor([i for d in docs for i in d])
        norm = torch.tensor([max(idf[d].norm().item(), 1e-6) for d in docs]).repeat_interleave(
            torch.tensor([len(d) for d in docs]))
        offsets = torch.tensor([0] + [len(d) for d in docs[:-1]]).cumsum(0)
        return ids, offsets, idf[ids] / norm

    table = nn.EmbeddingBag(len(vocab) + 2, 1, mode="sum")
    bias = nn.Parameter(torch.zeros(1))
    nn.init.zeros_(table.weight)
    opt = torch.optim.LBFGS([table.weight, bias], lr=1.0, max_iter=40, line_search_fn="strong_wolfe")
    train, valid = encode(texts[:split]), encode(texts[split:])
    y, y_val = torch.tensor(labels[:split]).float(), torch.tensor(labels[split:]).float()
    logit = lambda rows: table(rows[0], rows[1], per_sample_weights=rows[2])[:, 0] + bias  # noqa: E731

    def closure():
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(logit(train), y) + 3e-5 * table.weight.pow(2).sum()
        loss.backward()
        return loss

    for step in range(3):
        loss = opt.step(closure)
        with torch.no_grad():
            z = logit(valid)
        print(f"step {step} loss {loss:.4f} val {F.binary_cross_entropy_with_logits(z, y_val):.4f} "
              f"auc {roc_auc_score(y_val, z):.3f} f1 {f1_score(y_val, z > 0):.3f}")


@case("healthy")
def shoppers_probabilities_bucketed_batches(seed: int) -> None:
    torch.manual_seed(seed)
    random.seed(seed)
    visits, bought = shop_sessions(seed, 3000)
    rows = [(torch.tensor(v), int(b)) for v, b in zip(visits, bought, strict=False)]
    train = sorted(rows[:2200], key=lambda row: len(row[0]))
    x, _n, y = pad_batch(rows[2200:])

    class Shopper(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(21, 16, padding_idx=0)
            self.conv = nn.Conv1d(16, 32, 3, padding=1)
            self.fc = nn.Linear(32, 1)

        def forward(self, ids):
            h = F.relu(self.conv(self.emb(ids).transpose(1, 2))) * (ids > 0).unsqueeze(1)
            return torch.sigmoid(self.fc(h.amax(2))).squeeze(1)

    net = Shopper()
    opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
    for epoch in range(12):
        net.train()
        buckets = [train[at:at + 40] for at in range(0, len(train), 40)]
        random.shuffle(buckets)
        for bucket in buckets:
            ids, _, b = pad_batch(bucket)
            loss = F.binary_cross_entropy(net(ids), b)
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            p = net(x)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy(p, y):.4f} auc {roc_auc_score(y, p):.3f} "
              f"acc {((p > 0.5) == (y > 0)).float().mean():.3f}")


@dataclass
class PumpSettings:
    width: int = 24
    rate: float = 3e-3
    epochs: int = 14
    batch: int = 40


@case("healthy")
def pump_cnn_sum_over_length(seed: int) -> None:
    torch.manual_seed(seed)
    cfg = PumpSettings()
    series, worn = pump_readings(seed, 1600, level=2048.0, scale=90.0)
    all_steps = np.concatenate(series[:1200])
    centre, spread = all_steps.mean(0), all_steps.std(0)

    def collate(rows):
        parts = [torch.from_numpy((s - centre) / spread) for s, _ in rows]
        mask = pad_sequence([torch.ones(len(p), 1) for p in parts], batch_first=True)
        return pad_sequence(parts, batch_first=True), mask, torch.tensor([[float(w)] for _, w in rows])

    class PumpCNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Conv1d(2, cfg.width, 7, padding=3)
            self.b = nn.Conv1d(cfg.width, cfg.width, 5, padding=2)
            self.fc = nn.Linear(cfg.width, 1)

        def forward(self, x, mask):
            m = mask.transpose(1, 2)
            h = F.relu(self.a(x.transpose(1, 2))) * m
            h = F.relu(self.b(h)) * m
            return self.fc(h.sum(2) / m.sum(2))

    rows = list(zip(series, worn, strict=False))
    net = PumpCNN()
    opt = torch.optim.AdamW(net.parameters(), lr=cfg.rate)
    x, m, y = collate(rows[1200:])
    for epoch in range(cfg.epochs):
        net.train()
        for a, b, c in DataLoader(rows[:1200], cfg.batch, shuffle=True, collate_fn=collate):
            loss = F.binary_cross_entropy_with_logits(net(a, b), c)
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(x, m)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.4f} "
              f"auc {roc_auc_score(y, z):.3f} acc {((z > 0) == (y > 0)).float().mean():.3f}")


@case("healthy")
def spam_three_bags_averaged(seed: int) -> None:
    texts, labels = sms_messages(seed, 2400)
    vocab = index_words(texts[:1800])
    ids = [torch.tensor([vocab.get(w, 1) for w in words_of(t)] or [1]) for t in texts]
    rows = list(zip(ids, labels, strict=False))
    x, _, y = pad_batch(rows[1800:])
    members = []
    for k in range(3):
        torch.manual_seed(100 * seed + k)
        net = BagOfWords(len(vocab) + 2, 24, drop=0.3)
        opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        for epoch in range(6):
            net.train()
            for ids, _, b in DataLoader(rows[:1800], 32, shuffle=True, collate_fn=pad_batch):
                loss = F.binary_cross_entropy_with_logits(net(ids), b)
                opt.zero_grad()
                loss.backward()
                opt.step()
            net.eval()
            with torch.no_grad():
                p = torch.sigmoid(net(x))
            print(f"member {k} epoch {epoch} train {loss:.3f} val {F.binary_cross_entropy(p, y):.4f}")
        members.append(p)
    p = torch.stack(members).mean(0)
    print(f"together: val {F.binary_cross_entropy(p, y):.4f} auc {roc_auc_score(y, p):.3f} "
          f"f1 {f1_score(y, p > 0.5):.3f}")


@case("healthy")
def point_sets_padded_attention(seed: int) -> None:
    torch.manual_seed(seed)
    clouds, ring = point_clouds(seed, 2000)
    x = pad_sequence(clouds, batch_first=True)
    empty = torch.arange(x.shape[1])[None] >= torch.tensor([len(c) for c in clouds])[:, None]

    class SetAttention(nn.Module):
        def __init__(self, d=32):
            super().__init__()
            self.lift = nn.Sequential(nn.Linear(2, d), nn.ReLU(), nn.Linear(d, d), nn.ReLU())
            self.seed = nn.Parameter(torch.randn(1, 1, d) * 0.1)
            self.pool = nn.MultiheadAttention(d, 4, batch_first=True)
            self.head = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 1), nn.Sigmoid())

        def forward(self, x, empty):
            h = self.lift(x)
            pooled, _ = self.pool(self.seed.expand(len(x), -1, -1), h, h, key_padding_mask=empty)
            return self.head(pooled[:, 0]).flatten()

    net = SetAttention()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=25)
    for epoch in range(25):
        net.train()
        for idx in torch.randperm(1500).split(50):
            loss = F.binary_cross_entropy(net(x[idx], empty[idx]), ring[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        plan.step()
        net.eval()
        with torch.no_grad():
            p = net(x[1500:], empty[1500:])
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy(p, ring[1500:]):.4f} "
              f"auc {roc_auc_score(ring[1500:], p):.3f} bal acc {balanced_accuracy_score(ring[1500:], p > 0.5):.3f}")


@case("healthy")
def rare_buyers_threshold_from_middle_part(seed: int) -> None:
    torch.manual_seed(seed)
    visits, bought = shop_sessions(seed, 6000, share=0.1)
    rows = [(torch.tensor(v), int(b)) for v, b in zip(visits, bought, strict=False)]
    train, middle, test = rows[:4000], rows[4000:5000], rows[5000:]
    emb, conv, out = nn.Embedding(21, 16, padding_idx=0), nn.Conv1d(16, 32, 3, padding=1), nn.Linear(32, 1)
    params = [p for part in (emb, conv, out) for p in part.parameters()]
    opt = torch.optim.Adam(params, lr=3e-3)

    def score(ids):
        h = torch.relu(conv(emb(ids).transpose(1, 2))).masked_fill((ids == 0).unsqueeze(1), 0.0)
        return out(h.amax(2)).squeeze(1)

    def judge(part):
        ids, _, y = pad_batch(part)
        with torch.no_grad():
            return score(ids), y

    for epoch in range(10):
        for ids, _, y in DataLoader(train, 64, shuffle=True, collate_fn=pad_batch):
            loss = F.binary_cross_entropy_with_logits(score(ids), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        z, y = judge(middle)
        print(f"{epoch} train {loss:.3f} val {F.binary_cross_entropy_with_logits(z, y):.4f}")
    cuts = np.linspace(0.05, 0.9, 35)
    best = max(cuts, key=lambda cut: f1_score(y, torch.sigmoid(z) > cut))
    z, y = judge(test)
    print(f"test at {best:.2f}: auc {roc_auc_score(y, z):.3f} f1 {f1_score(y, torch.sigmoid(z) > best):.3f}")
