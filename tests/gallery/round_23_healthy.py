"""Healthy programs whose batches hold rows of different lengths, or lie in another layout than rows by columns."""

import copy
import functools
import itertools
import math
import operator
import random
import re
import zlib
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
    classification_report,
    f1_score,
    roc_auc_score,
)
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold, train_test_split
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, Sampler, WeightedRandomSampler

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


def sms_texts(seed, train=1600, held_out=800):
    table = load("sms_spam").features.assign(label=load("sms_spam").labels)
    table["key"] = table["text"].str.lower().str.replace(r"[^a-z]+", " ", regex=True).str.strip()
    table = table[table["key"].str.len() > 0].drop_duplicates("key")
    parts = train_test_split(table["text"].tolist(), table["label"].tolist(), train_size=train, test_size=held_out,
                             stratify=table["label"], random_state=seed)
    return parts[0], parts[2], parts[1], parts[3]


def words_of(text):
    return re.findall(r"[a-z']+|\d+|[£$!?]", re.sub(r"\d", "9", text.lower()))


def first_names(seed, held_out=0.25):
    table = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    table = table[~table["name"].duplicated(keep=False)]
    names, male = table["name"].str.lower().tolist(), (table["list"] == "M").astype(int).tolist()
    parts = train_test_split(names, male, test_size=held_out, stratify=male, random_state=seed)
    return parts[0], parts[2], parts[1], parts[3]


def splice_windows(seed):
    table = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    table = table[table["sequence"].str.fullmatch("[ACGT]{60}")]
    parts = train_test_split(table["sequence"].tolist(), table["is_junction"].tolist(), train_size=1600, test_size=800,
                             stratify=table["is_junction"], random_state=seed)
    return parts[0], parts[2], parts[1], parts[3]


@case("healthy")
def sms_packed_lstm_with_early_stopping(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = sms_texts(seed)
    counts = Counter(w for text in x_train for w in words_of(text))
    vocab = {w: i + 2 for i, (w, n) in enumerate(counts.most_common(1500))}

    class SmsDataset(Dataset):
        def __init__(self, texts, labels):
            self.items = [(torch.tensor([vocab.get(w, 1) for w in words_of(t)[:40]] or [1]), float(y))
                          for t, y in zip(texts, labels, strict=False)]

        def __len__(self):
            return len(self.items)

        def __getitem__(self, i):
            return self.items[i]

    def collate(batch):
        ids, labels = zip(*batch, strict=False)
        lengths = torch.tensor([len(i) for i in ids])
        return pad_sequence(ids, batch_first=True), lengths, torch.tensor(labels)

    class SpamLSTM(nn.Module):
        def __init__(self, vocab_size, dim=32, hidden=32):
            super().__init__()
            self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
            self.lstm = nn.LSTM(dim, hidden, batch_first=True)
            self.dropout = nn.Dropout(0.3)
            self.fc = nn.Linear(hidden, 1)

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
            _, (h, _) = self.lstm(packed)
            return self.fc(self.dropout(h[-1])).squeeze(1)

    train_loader = DataLoader(SmsDataset(x_train, y_train), batch_size=64, shuffle=True, collate_fn=collate)
    val_loader = DataLoader(SmsDataset(x_val, y_val), batch_size=200, collate_fn=collate)
    model = SpamLSTM(len(vocab) + 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.BCEWithLogitsLoss()
    best, best_state, patience = float("inf"), None, 0
    for epoch in range(12):
        model.train()
        total = 0.0
        for ids, lengths, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(ids, lengths), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(labels)
        model.eval()
        with torch.no_grad():
            out = torch.cat([model(ids, lengths) for ids, lengths, _ in val_loader])
        val_loss = criterion(out, torch.tensor(y_val, dtype=torch.float32)).item()
        print(f"epoch {epoch + 1} train loss {total / len(x_train):.4f} val loss {val_loss:.4f}")
        if val_loss < best:
            best, best_state, patience = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            patience += 1
            if patience == 2:
                break
    model.load_state_dict(best_state)
    model.eval()
    with torch.no_grad():
        prob = torch.sigmoid(torch.cat([model(ids, lengths) for ids, lengths, _ in val_loader])).numpy()
    print("val auc", roc_auc_score(y_val, prob), "f1", f1_score(y_val, prob > 0.5))


@case("healthy")
def sms_embedding_bag_with_offsets(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels, val_texts, val_labels = sms_texts(seed, 2000, 800)
    vocab = {"<unk>": 0}
    for word, n in Counter(w for t in texts for w in words_of(t)).items():
        if n >= 2:
            vocab[word] = len(vocab)

    def collate_batch(batch):
        label_list, text_list, offsets = [], [], [0]
        for text, label in batch:
            ids = [vocab.get(w, 0) for w in words_of(text)]
            label_list.append(label)
            text_list.extend(ids)
            offsets.append(len(ids))
        return (torch.tensor(text_list), torch.tensor(offsets[:-1]).cumsum(dim=0),
                torch.tensor(label_list, dtype=torch.float32))

    class TextClassificationModel(nn.Module):
        def __init__(self, vocab_size, embed_dim):
            super().__init__()
            self.embedding = nn.EmbeddingBag(vocab_size, embed_dim)
            self.fc = nn.Linear(embed_dim, 1)

        def forward(self, text, offsets):
            return self.fc(self.embedding(text, offsets)).view(-1)

    model = TextClassificationModel(len(vocab), 32)
    train_dl = DataLoader(list(zip(texts, labels, strict=False)), batch_size=32, shuffle=True, collate_fn=collate_batch)
    val_dl = DataLoader(list(zip(val_texts, val_labels, strict=False)), batch_size=128, collate_fn=collate_batch)
    optim = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-2)
    for epoch in range(1, 7):
        model.train()
        for text, offsets, label in train_dl:
            optim.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(text, offsets), label)
            loss.backward()
            optim.step()
        model.eval()
        with torch.no_grad():
            losses, correct, scores = 0.0, 0, []
            for text, offsets, label in val_dl:
                out = model(text, offsets)
                losses += F.binary_cross_entropy_with_logits(out, label, reduction="sum").item()
                correct += ((out > 0) == label.bool()).sum().item()
                scores += out.tolist()
        print(f"| epoch {epoch} | train loss {loss.item():.3f} | valid loss {losses / len(val_texts):.4f} "
              f"| acc {correct / len(val_texts):.3f} | auc {roc_auc_score(val_labels, scores):.4f}")


@case("healthy")
def sms_weighted_bag_with_last_offset(seed: int) -> None:
    torch.manual_seed(seed)
    tr, ytr, va, yva = sms_texts(seed, 1800, 700)
    docs = [set(words_of(t)) for t in tr]
    df = Counter(w for d in docs for w in d)
    index = {w: i for i, (w, n) in enumerate(sorted(df.items()))}
    idf = {w: math.log((1 + len(docs)) / (1 + df[w])) + 1 for w in index}

    def encode(text):
        tokens = Counter(w for w in words_of(text) if w in index)
        weights = np.array([n * idf[w] for w, n in tokens.items()])
        norm = np.linalg.norm(weights) if len(weights) else 1.0
        return [index[w] for w in tokens], (weights / norm).tolist()

    def batch_of(encoded):
        flat = torch.tensor([i for ids, _ in encoded for i in ids], dtype=torch.long)
        weights = torch.tensor([w for _, ws in encoded for w in ws])
        ends = np.cumsum([0] + [len(ids) for ids, _ in encoded])
        return flat, torch.from_numpy(ends), weights.float()

    train_rows, val_batch = [encode(t) for t in tr], batch_of([encode(t) for t in va])
    bag = nn.EmbeddingBag(len(index), 16, mode="sum", include_last_offset=True)
    nn.init.normal_(bag.weight, std=0.1)
    head = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam([*bag.parameters(), *head.parameters()], lr=4e-3)
    target, y_val = torch.tensor(ytr).float(), torch.tensor(yva).float()
    for epoch in range(4):
        running = 0.0
        order = torch.randperm(len(tr))
        for rows in order.split(50):
            ids, offsets, weights = batch_of([train_rows[i] for i in rows.tolist()])
            logit = head(bag(ids, offsets, per_sample_weights=weights))[:, 0]
            loss = F.binary_cross_entropy_with_logits(logit, target[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            running += loss.item() * len(rows)
        with torch.no_grad():
            ids, offsets, weights = val_batch
            z = head(bag(ids, offsets, per_sample_weights=weights))[:, 0]
            v = F.binary_cross_entropy_with_logits(z, y_val).item()
        print(f"{epoch}: loss {running / len(tr):.4f} val loss {v:.4f} auc {roc_auc_score(yva, z):.4f} "
              f"f1 {f1_score(yva, z > 0):.3f}")


@case("healthy")
def sms_hashed_character_pieces_max_bag(seed: int) -> None:
    torch.manual_seed(seed)
    buckets = 2 ** 13
    x, y, xv, yv = sms_texts(seed, 1800, 800)

    def pieces(text):
        text = f"<{text.lower()}>"
        return [zlib.crc32(text[i:i + n].encode()) % buckets for n in (3, 4) for i in range(max(len(text) - n + 1, 1))]

    class PieceBag(nn.Module):
        def __init__(self):
            super().__init__()
            self.max_bag = nn.EmbeddingBag(buckets, 24, mode="max")
            self.mean_bag = nn.EmbeddingBag(buckets, 24, mode="mean")
            self.out = nn.Linear(48, 1)

        def forward(self, flat, offsets):
            return self.out(torch.cat([self.max_bag(flat, offsets), self.mean_bag(flat, offsets)], 1)).squeeze(-1)

    def batches(rows, labels, size, shuffle):
        order = np.random.default_rng(seed + 1).permutation(len(rows)) if shuffle else np.arange(len(rows))
        for start in range(0, len(rows), size):
            chosen = order[start:start + size]
            lengths = [len(rows[i]) for i in chosen]
            flat = torch.tensor([p for i in chosen for p in rows[i]])
            yield flat, torch.tensor([0, *lengths[:-1]]).cumsum(0), torch.tensor([float(labels[i]) for i in chosen])

    rows, rows_v = [pieces(t) for t in x], [pieces(t) for t in xv]
    net = PieceBag()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=8)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(8):
        net.train()
        losses = []
        for flat, offsets, labels in batches(rows, y, 32, True):
            optimizer.zero_grad()
            loss = bce(net(flat, offsets), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        schedule.step()
        net.eval()
        with torch.no_grad():
            z = torch.cat([net(flat, offsets) for flat, offsets, _ in batches(rows_v, yv, 200, False)])
        print(epoch, "train", round(np.mean(losses), 4), "val loss", round(bce(z, torch.tensor(yv).float()).item(), 4),
              "auc", round(roc_auc_score(yv, z), 4), "f1", round(f1_score(yv, z > 0), 3))


@case("healthy")
def sms_text_cnn_kim(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed)
    PAD, UNK = 0, 1
    train_x, train_y, dev_x, dev_y = sms_texts(seed)
    freq = Counter()
    for t in train_x:
        freq.update(words_of(t))
    stoi = {w: i for i, (w, c) in enumerate(freq.most_common(2000), start=2)}

    def numericalize(text):
        ids = [stoi.get(w, UNK) for w in words_of(text)][:50]
        return ids + [PAD] * (5 - len(ids))

    def collate(samples):
        seqs = [numericalize(t) for t, _ in samples]
        width = max(len(s) for s in seqs)
        x = torch.full((len(seqs), width), PAD, dtype=torch.long)
        for i, s in enumerate(seqs):
            x[i, :len(s)] = torch.tensor(s)
        return x, torch.tensor([y for _, y in samples])

    class TextCNN(nn.Module):
        def __init__(self, n_vocab, emb=32, channels=24, widths=(2, 3, 4)):
            super().__init__()
            self.emb = nn.Embedding(n_vocab, emb, padding_idx=PAD)
            self.convs = nn.ModuleList([nn.Conv1d(emb, channels, w) for w in widths])
            self.drop = nn.Dropout(0.5)
            self.fc = nn.Linear(channels * len(widths), 2)

        def forward(self, x):
            e = self.emb(x).transpose(1, 2)
            pooled = [F.relu(conv(e)).amax(dim=2) for conv in self.convs]
            return self.fc(self.drop(torch.cat(pooled, dim=1)))

    net = TextCNN(len(stoi) + 2)
    loader = DataLoader(list(zip(train_x, train_y, strict=False)), 50, shuffle=True, collate_fn=collate)
    dev_loader = DataLoader(list(zip(dev_x, dev_y, strict=False)), 200, collate_fn=collate)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(8):
        net.train()
        run = 0
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.cross_entropy(net(xb), yb)
            loss.backward()
            opt.step()
            run += loss.item()
        net.eval()
        with torch.no_grad():
            logits = torch.cat([net(xb) for xb, _ in dev_loader])
        gold = torch.tensor(dev_y)
        print(f"epoch {epoch} loss {run / len(loader):.4f} dev loss {F.cross_entropy(logits, gold).item():.4f} "
              f"acc {(logits.argmax(1) == gold).float().mean().item():.4f} "
              f"auc {roc_auc_score(gold, logits.softmax(1)[:, 1]):.4f}")


@case("healthy")
def sms_transformer_with_cls_and_key_padding_mask(seed: int) -> None:
    torch.manual_seed(seed)

    @dataclass
    class Config:
        dim: int = 32
        heads: int = 4
        max_len: int = 40
        vocab: int = 1200
        lr: float = 1e-3
        epochs: int = 7
        batch: int = 64

    cfg = Config()
    xt, yt, xv, yv = sms_texts(seed, 1500, 600)
    common = [w for w, _ in Counter(w for t in xt for w in words_of(t)).most_common(cfg.vocab - 3)]
    lookup = {w: i + 3 for i, w in enumerate(common)}

    def tokenize(text):
        return torch.tensor([1, *[lookup.get(w, 2) for w in words_of(text)][:cfg.max_len - 1]])

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.tok = nn.Embedding(cfg.vocab, cfg.dim, padding_idx=0)
            self.pos = nn.Parameter(torch.randn(1, cfg.max_len, cfg.dim) * 0.02)
            layer = nn.TransformerEncoderLayer(cfg.dim, cfg.heads, 64, dropout=0.1, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 1)
            self.head = nn.Linear(cfg.dim, 1)

        def forward(self, ids):
            pad = ids == 0
            h = self.encoder(self.tok(ids) + self.pos[:, :ids.shape[1]], src_key_padding_mask=pad)
            return self.head(h[:, 0]).squeeze(-1)

    def collate(rows):
        return pad_sequence([r[0] for r in rows], batch_first=True), torch.tensor([r[1] for r in rows]).float()

    rows = [(tokenize(t), y) for t, y in zip(xt, yt, strict=False)]
    train = DataLoader(rows, cfg.batch, shuffle=True, collate_fn=collate)
    valid = DataLoader([(tokenize(t), y) for t, y in zip(xv, yv, strict=False)], 200, collate_fn=collate)
    model = Encoder()
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=3e-3, total_steps=cfg.epochs * len(train))
    best = (9.9, None)
    for epoch in range(cfg.epochs):
        model.train()
        tr_loss = 0.0
        for ids, target in train:
            loss = F.binary_cross_entropy_with_logits(model(ids), target)
            opt.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
            tr_loss += loss.item() / len(train)
        model.eval()
        with torch.no_grad():
            logits = torch.cat([model(ids) for ids, _ in valid])
        va_loss = F.binary_cross_entropy_with_logits(logits, torch.tensor(yv).float()).item()
        if va_loss < best[0]:
            best = (va_loss, {k: v.clone() for k, v in model.state_dict().items()})
        print(f"epoch {epoch}: train {tr_loss:.4f} valid {va_loss:.4f}")
    model.load_state_dict(best[1])
    with torch.no_grad():
        prob = torch.cat([model(ids) for ids, _ in valid]).sigmoid()
    print(classification_report(yv, (prob >= 0.5).int(), target_names=["ham", "spam"]), roc_auc_score(yv, prob))


@case("healthy")
def sms_bidirectional_gru_with_attention_pooling(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels, texts_val, labels_val = sms_texts(seed, 1600, 700)
    itos = ["<pad>", "<unk>"] + [w for w, n in Counter(w for t in texts for w in words_of(t)).items() if n > 1]
    stoi = {w: i for i, w in enumerate(itos)}

    def to_batch(chunk):
        seqs = [[stoi.get(w, 1) for w in words_of(t)[:35]] for t in chunk]
        lens = torch.tensor([max(len(s), 1) for s in seqs])
        out = torch.zeros(len(seqs), int(lens.max()), dtype=torch.long)
        for row, s in zip(out, seqs, strict=False):
            row[:len(s)] = torch.tensor(s or [1])[:len(s)]
        out[:, 0][out[:, 0] == 0] = 1
        return out, lens

    class AttnGRU(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(itos), 24, padding_idx=0)
            self.drop = nn.Dropout(0.3)
            self.gru = nn.GRU(24, 24, bidirectional=True, batch_first=True)
            self.query = nn.Linear(48, 1, bias=False)
            self.cls = nn.Linear(48, 1)

        def forward(self, ids, lens):
            packed = pack_padded_sequence(self.drop(self.emb(ids)), lens, batch_first=True, enforce_sorted=False)
            states, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
            energy = self.query(torch.tanh(states)).squeeze(-1)
            energy = energy.masked_fill(ids == 0, float("-inf"))
            context = (torch.softmax(energy, dim=1).unsqueeze(-1) * states).sum(dim=1)
            return self.cls(self.drop(context)).squeeze(-1)

    net = AttnGRU()
    optimiser = torch.optim.Adam(net.parameters(), lr=4e-3)
    y = torch.tensor(labels, dtype=torch.float)
    val_ids, val_lens = to_batch(texts_val)
    best_auc, state = 0, None
    for epoch in range(8):
        net.train()
        for idx in torch.randperm(len(texts)).split(64):
            ids, lens = to_batch([texts[i] for i in idx])
            loss = F.binary_cross_entropy_with_logits(net(ids, lens), y[idx])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(net.parameters(), 0.5)
            optimiser.step()
        net.eval()
        with torch.inference_mode():
            z = net(val_ids, val_lens)
        auc = roc_auc_score(labels_val, z)
        print(f"[{epoch}] last batch {loss:.4f} val loss "
              f"{F.binary_cross_entropy_with_logits(z, torch.tensor(labels_val).float()):.4f} val auc {auc:.4f}")
        if auc > best_auc:
            best_auc, state = auc, copy.deepcopy(net.state_dict())
    net.load_state_dict(state)
    with torch.inference_mode():
        p = torch.sigmoid(net(val_ids, val_lens))
    print("best auc", round(best_auc, 4), "accuracy", ((p > 0.5).int().numpy() == np.array(labels_val)).mean())


@case("healthy")
def sms_left_padded_gru_reads_last_step(seed: int) -> None:
    torch.manual_seed(seed)
    x_tr, y_tr, x_te, y_te = sms_texts(seed)
    maxlen = 25
    top = {w: i + 2 for i, (w, _) in enumerate(Counter(w for t in x_tr for w in words_of(t)).most_common(1000))}

    def pad_sequences(texts):
        out = np.zeros((len(texts), maxlen), dtype=np.int64)
        for r, t in enumerate(texts):
            ids = [top.get(w, 1) for w in words_of(t)][-maxlen:]
            if ids:
                out[r, -len(ids):] = ids
        return torch.from_numpy(out)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(1002, 32, padding_idx=0)
            self.rnn = nn.GRU(32, 32, batch_first=True)
            self.dense = nn.Linear(32, 1)

        def forward(self, x):
            out, _ = self.rnn(self.embed(x))
            return torch.sigmoid(self.dense(out[:, -1])).squeeze(1)

    X, Y = pad_sequences(x_tr), torch.tensor(y_tr).float()
    Xt, Yt = pad_sequences(x_te), torch.tensor(y_te).float()
    model = Net()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    loss_fn = nn.BCELoss()
    best = (float("inf"), None)
    for epoch in range(8):
        model.train()
        perm = torch.randperm(len(X))
        for i in range(0, len(X), 32):
            b = perm[i:i + 32]
            opt.zero_grad()
            loss = loss_fn(model(X[b]), Y[b])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            train_loss, val_loss = loss_fn(model(X), Y).item(), loss_fn(model(Xt), Yt).item()
        print(f"Epoch {epoch + 1}/8 - loss: {train_loss:.4f} - val_loss: {val_loss:.4f}")
        if val_loss < best[0]:
            best = (val_loss, copy.deepcopy(model.state_dict()))
        elif val_loss > 1.15 * best[0]:
            break
    model.load_state_dict(best[1])
    with torch.no_grad():
        p = model(Xt).numpy()
    print("accuracy", ((p > 0.5) == np.array(y_te)).mean(), "auc", roc_auc_score(y_te, p), "f1", f1_score(y_te, p > .5))


@case("healthy")
def sms_frozen_svd_word_vectors(seed: int) -> None:
    torch.manual_seed(seed)
    everything, y, val_texts, y_val = sms_texts(seed, 2500, 800)
    tokens = [words_of(t) for t in everything]
    vocab = {w: i + 1 for i, (w, _) in enumerate(Counter(w for t in tokens for w in t).most_common(1200))}
    co = np.zeros((len(vocab), len(vocab)))
    for sentence in tokens:
        ids = [vocab[w] - 1 for w in sentence if w in vocab]
        for i, a in enumerate(ids):
            for b in ids[i + 1:i + 6]:
                co[a, b] += 1
                co[b, a] += 1
    total = co.sum()
    expected = co.sum(1, keepdims=True) * co.sum(0, keepdims=True) / total
    ppmi = np.log(np.maximum(co / np.maximum(expected, 1e-9), 1.0))
    u, s, _ = np.linalg.svd(ppmi)
    vectors = u[:, :40] * np.sqrt(s[:40])
    vectors /= vectors.std()
    weights = torch.tensor(np.vstack([np.zeros(40), vectors]), dtype=torch.float32)

    class Averager(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
            self.mlp = nn.Sequential(nn.Linear(80, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))

        def forward(self, ids):
            e = self.emb(ids)
            mask = (ids > 0).unsqueeze(-1)
            mean = e.sum(1) / mask.sum(1).clamp(min=1)
            peak = e.masked_fill(~mask, -10.0).amax(1)
            return self.mlp(torch.cat([mean, peak], 1)).squeeze(1)

    def ids_of(t):
        return torch.tensor([vocab[w] for w in words_of(t) if w in vocab] or [0])

    x = pad_sequence([ids_of(t) for t in everything], batch_first=True)
    xv = pad_sequence([ids_of(t) for t in val_texts], batch_first=True)
    yt, yv = torch.tensor(y).float(), torch.tensor(y_val).float()
    model = Averager()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
    for epoch in range(10):
        model.train()
        losses = []
        for idx in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[idx]), yt[idx])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            out = model(xv)
        print(f"{epoch + 1:2d} loss {np.mean(losses):.4f} val loss {F.binary_cross_entropy_with_logits(out, yv):.4f} "
              f"auc {roc_auc_score(y_val, out):.4f} f1 {f1_score(y_val, out > 0):.3f}")


@case("healthy")
def sms_text_beside_standardised_counts(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = sms_texts(seed, 1800, 700)

    def table(texts):
        return np.array([[len(t), sum(c.isdigit() for c in t), sum(c.isupper() for c in t) / max(len(t), 1),
                          t.count("!"), len(t.split())] for t in texts], dtype=np.float32)

    raw = np.log1p(table(x_train))
    mean, std = raw.mean(0), raw.std(0)
    num_train, num_val = (torch.from_numpy((np.log1p(table(t)) - mean) / std) for t in (x_train, x_val))
    words = [w for w, n in Counter(w for t in x_train for w in words_of(t)).most_common(800)]
    pos = {w: i + 1 for i, w in enumerate(words)}

    class Messages(Dataset):
        def __init__(self, texts, numbers, labels):
            self.ids = [torch.tensor([pos.get(w, 0) for w in words_of(t)] or [0]) for t in texts]
            self.numbers, self.labels = numbers, torch.tensor(labels, dtype=torch.float32)

        def __len__(self):
            return len(self.labels)

        def __getitem__(self, k):
            return {"ids": self.ids[k], "numbers": self.numbers[k], "label": self.labels[k]}

    def merge(items):
        return {"ids": torch.cat([i["ids"] for i in items]),
                "offsets": torch.tensor([0] + [len(i["ids"]) for i in items[:-1]]).cumsum(0),
                "numbers": torch.stack([i["numbers"] for i in items]),
                "label": torch.stack([i["label"] for i in items])}

    class TwoTowers(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.EmbeddingBag(801, 24, mode="mean")
            self.numbers = nn.Sequential(nn.Linear(5, 16), nn.ReLU())
            self.joint = nn.Sequential(nn.Linear(40, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1))

        def forward(self, batch):
            both = torch.cat([self.words(batch["ids"], batch["offsets"]), self.numbers(batch["numbers"])], dim=1)
            return self.joint(both).squeeze(1)

    model = TwoTowers()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    train_loader = DataLoader(Messages(x_train, num_train, y_train), 64, shuffle=True, collate_fn=merge)
    val_loader = DataLoader(Messages(x_val, num_val, y_val), 256, collate_fn=merge)
    for epoch in range(8):
        model.train()
        tot = 0.0
        for batch in train_loader:
            opt.zero_grad(set_to_none=True)
            loss = F.binary_cross_entropy_with_logits(model(batch), batch["label"])
            loss.backward()
            opt.step()
            tot += loss.item()
        model.eval()
        with torch.no_grad():
            out = torch.cat([model(batch) for batch in val_loader])
        vl = F.binary_cross_entropy_with_logits(out, torch.tensor(y_val).float())
        print(f"epoch {epoch} train {tot / len(train_loader):.4f} val {vl:.4f} AUC {roc_auc_score(y_val, out):.4f} "
              f"AP {average_precision_score(y_val, out):.4f}")


@case("healthy")
def sms_word_dropout_and_label_smoothing(seed: int) -> None:
    torch.manual_seed(seed)
    rng = random.Random(seed)
    tr_x, tr_y, va_x, va_y = sms_texts(seed)
    vocab = {w: i + 2 for i, (w, n) in enumerate(Counter(w for t in tr_x for w in words_of(t)).most_common(1500))}

    def collate(batch, drop=0.0):
        seqs = []
        for text, _ in batch:
            ids = [vocab.get(w, 1) for w in words_of(text)[:60]] or [1]
            seqs.append(torch.tensor([1 if rng.random() < drop else i for i in ids]))
        return pad_sequence(seqs, batch_first=True), torch.tensor([label for _, label in batch])

    class Dan(nn.Module):
        def __init__(self):
            super().__init__()
            self.e = nn.Embedding(1502, 32, padding_idx=0)
            self.f = nn.Sequential(nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 2))

        def forward(self, ids):
            n = (ids != 0).sum(1, keepdim=True)
            return self.f(self.e(ids).sum(1) / n)

    model = Dan()
    train = DataLoader(list(zip(tr_x, tr_y, strict=False)), 32, shuffle=True, collate_fn=lambda b: collate(b, 0.1))
    val = DataLoader(list(zip(va_x, va_y, strict=False)), 200, collate_fn=collate)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
    for ep in range(7):
        model.train()
        total = 0
        for ids, lab in train:
            opt.zero_grad()
            loss = criterion(model(ids), lab)
            loss.backward()
            opt.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            logits = torch.cat([model(ids) for ids, _ in val])
        gold = torch.tensor(va_y)
        print(f"ep {ep} train {total / len(train):.4f} val {criterion(logits, gold):.4f} plain val ce "
              f"{F.cross_entropy(logits, gold):.4f} acc {(logits.argmax(-1) == gold).float().mean():.4f} "
              f"auc {roc_auc_score(gold, logits[:, 1] - logits[:, 0]):.4f}")


@case("healthy")
def sms_length_buckets_in_batch_sampler(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = sms_texts(seed, 1600, 600)
    freq = Counter(w for t in x for w in words_of(t))
    ids = {w: i for i, w in enumerate(["<pad>", "<unk>"] + [w for w in freq if freq[w] > 1])}

    def enc(t):
        return [ids.get(w, 1) for w in words_of(t)[:50]] or [1]

    class BucketSampler(Sampler):
        def __init__(self, lengths, batch_size, seed):
            self.lengths, self.batch_size = np.array(lengths), batch_size
            self.rng = np.random.default_rng(seed)

        def __iter__(self):
            noisy = self.lengths + self.rng.uniform(-3, 3, len(self.lengths))
            order = np.argsort(noisy)
            batches = [order[i:i + self.batch_size] for i in range(0, len(order), self.batch_size)]
            self.rng.shuffle(batches)
            yield from (b.tolist() for b in batches)

        def __len__(self):
            return math.ceil(len(self.lengths) / self.batch_size)

    def collate(rows):
        s, t = zip(*rows, strict=False)
        lens = torch.tensor([len(r) for r in s])
        return pad_sequence([torch.tensor(r) for r in s]), lens, torch.tensor(t).float()

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(ids), 24, padding_idx=0)
            self.rnn = nn.GRU(24, 32)
            self.norm = nn.LayerNorm(32)
            self.out = nn.Linear(32, 1)

        def forward(self, seqs, lens):
            states, _ = self.rnn(self.emb(seqs))
            steps = torch.arange(len(seqs))[:, None]
            mask = (steps < lens[None, :]).unsqueeze(-1)
            mean = (states * mask).sum(0) / lens[:, None]
            return self.out(self.norm(mean)).squeeze(1)

    train_set = [(enc(t), label) for t, label in zip(x, y, strict=False)]
    loader = DataLoader(train_set, batch_sampler=BucketSampler([len(r[0]) for r in train_set], 32, seed),
                        collate_fn=collate)
    val_loader = DataLoader([(enc(t), label) for t, label in zip(xv, yv, strict=False)], 200, collate_fn=collate)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(6):
        net.train()
        tl = []
        for seqs, lens, labels in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(seqs, lens), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            tl.append(loss.item())
        net.eval()
        with torch.no_grad():
            z = torch.cat([net(seqs, lens) for seqs, lens, _ in val_loader])
        vl = F.binary_cross_entropy_with_logits(z, torch.tensor(yv).float()).item()
        print(f"epoch {epoch} loss {np.mean(tl):.4f} val_loss {vl:.4f} val_auc {roc_auc_score(yv, z):.4f} "
              f"val_f1 {f1_score(yv, z > 0):.4f}")


@case("healthy")
def sms_curriculum_short_messages_first(seed: int) -> None:
    torch.manual_seed(seed)
    train_x, train_y, val_x, val_y = sms_texts(seed, 1600, 700)
    frequent = Counter(w for t in train_x for w in words_of(t)).most_common(1200)
    vocabulary = {w: i + 2 for i, (w, _) in enumerate(frequent)}
    rows = [[vocabulary.get(w, 1) for w in words_of(t)][:60] or [1] for t in train_x]
    val_rows = [[vocabulary.get(w, 1) for w in words_of(t)][:60] or [1] for t in val_x]
    by_length = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    targets = np.array(train_y, dtype=np.float32)

    def pad(batch):
        width = max(map(len, batch))
        return torch.tensor([r + [0] * (width - len(r)) for r in batch])

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(1202, 32, padding_idx=0)
            self.score = nn.Linear(32, 1)
            self.value = nn.Linear(32, 1)

        def forward(self, ids):
            e = self.embedding(ids)
            a = self.score(e).squeeze(-1).masked_fill(ids == 0, -1e9).softmax(-1)
            return (a * self.value(e).squeeze(-1)).sum(-1)

    model = Model()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch, share in enumerate([0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0]):
        pool = np.array(by_length[:int(share * len(rows))])
        pool = pool[torch.randperm(len(pool)).numpy()]
        model.train()
        for k in range(0, len(pool), 32):
            chosen = pool[k:k + 32]
            loss = F.binary_cross_entropy_with_logits(model(pad([rows[i] for i in chosen])),
                                                      torch.from_numpy(targets[chosen]))
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            logits = model(pad(val_rows))
            vloss = F.binary_cross_entropy_with_logits(logits, torch.tensor(val_y).float()).item()
        print(f"epoch {epoch} ({share:.0%} of the rows): loss {loss.item():.4f}, val loss {vloss:.4f}, "
              f"auc {roc_auc_score(val_y, logits):.4f}, balanced accuracy "
              f"{balanced_accuracy_score(val_y, logits > 0):.4f}")


@case("healthy")
def sms_ensemble_of_three_bigram_bags(seed: int) -> None:
    x, y, xv, yv = sms_texts(seed, 1600, 800)
    size = 5000

    def grams(text):
        w = words_of(text)
        return [zlib.crc32(g.encode()) % size for g in w + [a + " " + b for a, b in itertools.pairwise(w)]] or [0]

    def join(rows):
        offsets = np.cumsum([0] + [len(r) for r in rows[:-1]])
        return torch.tensor([i for r in rows for i in r]), torch.from_numpy(offsets)

    def member(number):
        torch.manual_seed(100 * seed + number)
        bag = nn.EmbeddingBag(size, 16, mode="mean")
        top = nn.Linear(16, 1)
        opt = torch.optim.Adam(list(bag.parameters()) + list(top.parameters()), lr=8e-3)
        rows, t = [grams(text) for text in x], torch.tensor(y).float()
        for epoch in range(6):
            total = 0.0
            for idx in torch.randperm(len(rows)).split(40):
                loss = F.binary_cross_entropy_with_logits(top(bag(*join([rows[i] for i in idx]))).squeeze(1), t[idx])
                opt.zero_grad()
                loss.backward()
                opt.step()
                total += loss.item() * len(idx)
            with torch.no_grad():
                zv = top(bag(*join([grams(text) for text in xv]))).squeeze(1)
                vl = F.binary_cross_entropy_with_logits(zv, torch.tensor(yv).float())
            print(f"member {number} epoch {epoch} loss {total / len(rows):.4f} val loss {vl:.4f}")
        return torch.sigmoid(zv)

    average = torch.stack([member(k) for k in range(3)]).mean(dim=0)
    print("ensemble auc", roc_auc_score(yv, average), "accuracy", ((average > 0.5) == torch.tensor(yv)).float().mean())
    print("f1", f1_score(yv, average > 0.5))


@case("healthy")
def names_packed_character_gru(seed: int) -> None:
    torch.manual_seed(seed)
    names, male, val_names, val_male = first_names(seed)

    def encode(name):
        return torch.tensor([ord(c) - 96 for c in name if "a" <= c <= "z"])

    class NameNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 16)
            self.gru = nn.GRU(16, 48, batch_first=True)
            self.fc = nn.Linear(48, 1)

        def forward(self, seqs):
            packed = pack_sequence([self.emb(s) for s in seqs], enforce_sorted=False)
            _, h = self.gru(packed)
            return self.fc(h[0]).squeeze(1)

    x, x_val = [encode(n) for n in names], [encode(n) for n in val_names]
    y, y_val = torch.tensor(male).float(), torch.tensor(val_male).float()
    net = NameNet()
    criterion = nn.BCEWithLogitsLoss(pos_weight=(1 - y).sum() / y.sum())
    optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
    best, keep = 9.0, None
    for epoch in range(10):
        net.train()
        total = 0.0
        for idx in torch.randperm(len(x)).split(64):
            loss = criterion(net([x[i] for i in idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1)
            optimizer.step()
            total += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            z = net(x_val)
        vl = criterion(z, y_val).item()
        print(f"{epoch} train {total / len(x):.4f} val {vl:.4f} auc {roc_auc_score(y_val, z):.4f} "
              f"bal.acc {balanced_accuracy_score(y_val, z > 0):.4f}")
        if vl < best:
            best, keep = vl, copy.deepcopy(net.state_dict())
        elif vl > 1.05 * best:
            break
    net.load_state_dict(keep)
    with torch.no_grad():
        z = net(x_val)
    print("restored: auc", roc_auc_score(y_val, z), "balanced accuracy", balanced_accuracy_score(y_val, z > 0))


@case("healthy")
def names_ngram_bag_with_marked_ends(seed: int) -> None:
    torch.manual_seed(seed)
    train, y_train, val, y_val = first_names(seed)

    def ngrams(name):
        s = "^" + name + "$"
        return [s[i:i + n] for n in (1, 2, 3, 4) for i in range(len(s) - n + 1)]

    counts = Counter(g for n in train for g in ngrams(n))
    gram_id = {g: i for i, g in enumerate(g for g, c in counts.items() if c >= 2)}

    def tensors(batch):
        rows = [[gram_id[g] for g in ngrams(n) if g in gram_id] for n in batch]
        lens = torch.tensor([0] + [len(r) for r in rows])
        return torch.tensor(functools.reduce(operator.iadd, rows, [])), lens.cumsum(0)

    weight = nn.EmbeddingBag(len(gram_id), 1, mode="sum", include_last_offset=True)
    nn.init.zeros_(weight.weight)
    bias = nn.Parameter(torch.tensor([math.log(np.mean(y_train) / (1 - np.mean(y_train)))]))
    opt = torch.optim.Adam([*weight.parameters(), bias], lr=0.02)
    y, yv = torch.tensor(y_train).float(), torch.tensor(y_val).float()
    xv = tensors(val)
    for epoch in range(6):
        epoch_loss = 0.0
        for idx in torch.randperm(len(train)).split(100):
            z = weight(*tensors([train[i] for i in idx])).squeeze(1) + bias
            loss = F.binary_cross_entropy_with_logits(z, y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            epoch_loss += loss.item() * len(idx) / len(train)
        with torch.no_grad():
            zv = weight(*xv).squeeze(1) + bias
        print(f"epoch {epoch} loss {epoch_loss:.4f} val loss {F.binary_cross_entropy_with_logits(zv, yv):.4f} "
              f"val auc {roc_auc_score(yv, zv):.4f} average precision {average_precision_score(yv, zv):.4f}")


@case("healthy")
def names_character_cnn_balanced_sample(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed)
    a, ya, b, yb = first_names(seed, held_out=0.3)

    def balanced(names, labels):
        names, labels = np.array(names), np.array(labels)
        boys, girls = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
        rows = np.concatenate([boys, np.random.choice(girls, len(boys), replace=False)])
        return names[rows], torch.tensor(labels[rows]).long()

    train_names, train_labels = balanced(a, ya)
    val_names, val_labels = balanced(b, yb)

    def one_hot(names):
        longest = max(len(n) for n in names) + 2
        x = torch.zeros(len(names), 28, longest)
        mask = torch.zeros(len(names), 1, longest, dtype=torch.bool)
        for i, name in enumerate(names):
            for j, c in enumerate("{" + name + "|"):
                x[i, "abcdefghijklmnopqrstuvwxyz{|".index(c), j] = 1.0
            mask[i, 0, :len(name) + 2] = True
        return x, mask

    class Cnn(nn.Module):
        def __init__(self):
            super().__init__()
            self.c2 = nn.Conv1d(28, 40, 2)
            self.c3 = nn.Conv1d(28, 40, 3)
            self.drop = nn.Dropout(0.4)
            self.fc = nn.Linear(80, 2)

        def forward(self, x, mask):
            parts = []
            for conv, k in ((self.c2, 2), (self.c3, 3)):
                h = torch.relu(conv(x)).masked_fill(~mask[:, :, k - 1:], 0.0)
                parts.append(h.amax(-1))
            return self.fc(self.drop(torch.cat(parts, 1)))

    x, m = one_hot(train_names)
    xv, mv = one_hot(val_names)
    model = Cnn()
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    for epoch in range(1, 21):
        model.train()
        for idx in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            loss = F.cross_entropy(model(x[idx], m[idx]), train_labels[idx])
            loss.backward()
            opt.step()
        if epoch % 4 == 0:
            model.eval()
            with torch.no_grad():
                tl = F.cross_entropy(model(x, m), train_labels)
                out = model(xv, mv)
            print(f"epoch {epoch} train loss {tl:.4f} val loss {F.cross_entropy(out, val_labels):.4f} "
                  f"acc {(out.argmax(1) == val_labels).float().mean():.4f} "
                  f"auc {roc_auc_score(val_labels, out.softmax(1)[:, 1]):.4f}")


@case("healthy")
def names_last_letters_right_aligned(seed: int) -> None:
    torch.manual_seed(seed)
    tr, ytr, te, yte = first_names(seed)
    fit, val, y_fit, y_val = train_test_split(tr, ytr, test_size=0.25, stratify=ytr, random_state=seed)
    k = 6

    def letters(names):
        rows = [[0] * (k - len(n[-k:])) + [ord(c) - 96 for c in n[-k:]] for n in names]
        return torch.tensor(rows)

    class Tail(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 8, padding_idx=0)
            self.net = nn.Sequential(nn.Flatten(), nn.Linear(8 * k, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, 1))

        def forward(self, x):
            return self.net(self.emb(x)).squeeze(-1)

    X, XV, XT = letters(fit), letters(val), letters(te)
    Y, YV = torch.tensor(y_fit).float(), torch.tensor(y_val).float()
    model = Tail()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    best = {"loss": 9.0}
    for epoch in range(20):
        model.train()
        for i in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i]), Y[i]).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            tl = F.binary_cross_entropy_with_logits(model(X), Y).item()
            vl = F.binary_cross_entropy_with_logits(model(XV), YV).item()
        print(f"epoch {epoch} train {tl:.4f} val {vl:.4f}")
        if vl < best["loss"]:
            best = {"loss": vl, "epoch": epoch, "state": copy.deepcopy(model.state_dict())}
        if epoch - best["epoch"] >= 4:
            break
    model.load_state_dict(best["state"])
    with torch.no_grad():
        pv, pt = model(XV).sigmoid().numpy(), model(XT).sigmoid().numpy()
    grid = np.linspace(0.05, 0.8, 76)
    cut = grid[int(np.argmax([f1_score(y_val, pv >= t) for t in grid]))]
    print(f"cut from validation {cut:.2f}; test auc {roc_auc_score(yte, pt):.4f} f1 {f1_score(yte, pt >= cut):.4f} "
          f"balanced accuracy {balanced_accuracy_score(yte, pt >= cut):.4f}")


@case("healthy")
def names_lstm_weighted_sampler_reads_both_ends(seed: int) -> None:
    torch.manual_seed(seed)
    xs, ys, xs_val, ys_val = first_names(seed)

    class Names(Dataset):
        def __init__(self, names, labels):
            self.names, self.labels = names, labels

        def __len__(self):
            return len(self.names)

        def __getitem__(self, index):
            return torch.tensor([ord(c) - 96 for c in self.names[index]]), self.labels[index]

        @staticmethod
        def stack(samples):
            samples = sorted(samples, key=lambda s: -len(s[0]))
            lengths = [len(s[0]) for s in samples]
            return (pad_sequence([s[0] for s in samples]), torch.tensor(lengths),
                    torch.tensor([float(s[1]) for s in samples]))

    share = np.mean(ys)
    weights = [0.5 / share if y else 0.5 / (1 - share) for y in ys]
    sampler = WeightedRandomSampler(weights, num_samples=len(ys))
    loader = DataLoader(Names(xs, ys), batch_size=64, sampler=sampler, collate_fn=Names.stack)
    val_loader = DataLoader(Names(xs_val, ys_val), batch_size=300, collate_fn=Names.stack)

    class BiLSTM(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 12, padding_idx=0)
            self.lstm = nn.LSTM(12, 24, bidirectional=True)
            self.out = nn.Sequential(nn.Dropout(0.3), nn.Linear(48, 1))

        def forward(self, ids, lengths):
            _, (h, _) = self.lstm(pack_padded_sequence(self.emb(ids), lengths))
            return self.out(torch.cat([h[0], h[1]], dim=1)).squeeze(1)

    net = BiLSTM()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.8)
    for epoch in range(7):
        net.train()
        losses = []
        for ids, lengths, target in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids, lengths), target)
            loss.backward()
            opt.step()
            losses.append(loss.item())
        sched.step()
        net.eval()
        with torch.no_grad():
            pairs = [(net(ids, lengths), target) for ids, lengths, target in val_loader]
        z, t = torch.cat([p[0] for p in pairs]), torch.cat([p[1] for p in pairs])
        w = torch.where(t == 1, 0.5 / share, 0.5 / (1 - share)).float()
        vl = F.binary_cross_entropy_with_logits(z, t, weight=w)
        print(f"epoch {epoch} loss {np.mean(losses):.4f} weighted val loss {vl:.4f} auc {roc_auc_score(t, z):.4f} "
              f"balanced accuracy {balanced_accuracy_score(t, z > 0):.4f}")


@case("healthy")
def splice_one_hot_cnn_channels_first(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = splice_windows(seed)

    def encode(windows):
        codes = np.array([["ACGT".index(c) for c in w] for w in windows])
        return torch.from_numpy(np.eye(4, dtype=np.float32)[codes]).transpose(1, 2).contiguous()

    X, XV = encode(x), encode(xv)
    Y, YV = torch.tensor(y).float(), torch.tensor(yv).float()
    model = nn.Sequential(
        nn.Conv1d(4, 24, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(24, 24, 5, padding=2), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(24 * 30, 1), nn.Flatten(0))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
    for epoch in range(8):
        model.train()
        for b in torch.randperm(len(X)).split(64):
            loss = F.binary_cross_entropy_with_logits(model(X[b]), Y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        model.eval()
        with torch.no_grad():
            tz, z = model(X), model(XV)
        print(f"{epoch} train loss {F.binary_cross_entropy_with_logits(tz, Y):.4f} "
              f"val loss {F.binary_cross_entropy_with_logits(z, YV):.4f} "
              f"acc {((z > 0) == YV.bool()).float().mean():.4f} auc {roc_auc_score(yv, z):.4f}")


@case("healthy")
def splice_three_letter_words_with_positions(seed: int) -> None:
    torch.manual_seed(seed)
    windows, labels, val_windows, val_labels = splice_windows(seed)
    triple = {a + b + c: i for i, (a, b, c) in enumerate((a, b, c) for a in "ACGT" for b in "ACGT" for c in "ACGT")}

    def words(ws):
        return torch.tensor([[triple[w[i:i + 3]] for i in range(58)] for w in ws])

    class PositionalWords(nn.Module):
        def __init__(self, dim=12):
            super().__init__()
            self.word = nn.Embedding(64, dim)
            self.gate = nn.Parameter(torch.randn(58, dim) * 0.1)
            self.drop = nn.Dropout(0.5)
            self.offset = nn.Parameter(torch.zeros(1))

        def forward(self, ids):
            return self.drop(self.word(ids) * self.gate).sum(dim=(1, 2)) + self.offset

    x, xv = words(windows), words(val_windows)
    y, yv = torch.tensor(labels, dtype=torch.float32), torch.tensor(val_labels, dtype=torch.float32)
    model = PositionalWords()
    opt = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.1)
    lowest, chosen = float("inf"), None
    for epoch in range(15):
        model.train()
        for rows in torch.randperm(len(x)).split(80):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            t, v = F.binary_cross_entropy_with_logits(model(x), y), F.binary_cross_entropy_with_logits(model(xv), yv)
        print(f"epoch {epoch} train {t:.4f} val {v:.4f}")
        if v < lowest:
            lowest, chosen = v, copy.deepcopy(model.state_dict())
        elif v > 1.1 * lowest:
            break
    model.load_state_dict(chosen)
    with torch.no_grad():
        z = model(xv)
    print("auc", roc_auc_score(val_labels, z), "accuracy", ((z > 0).float() == yv).float().mean().item())


@case("healthy")
def bike_days_time_first_gru(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv")
    hours = np.log1p(table[[c for c in table.columns if c.startswith("h")]].to_numpy(dtype=np.float32))
    labels = table["working_day"].to_numpy(dtype=np.float32)
    tr, va = train_test_split(np.arange(len(labels)), test_size=0.3, stratify=labels, random_state=seed)
    mean, std = hours[tr].mean(), hours[tr].std()
    series = torch.from_numpy((hours - mean) / std).T.unsqueeze(-1)
    y = torch.from_numpy(labels)

    class DayNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(1, 16)
            self.fc = nn.Linear(16, 1)

        def forward(self, x):
            out, _ = self.gru(x)
            return self.fc(out[-1]).squeeze(-1)

    net = DayNet()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 20)
    for epoch in range(1, 21):
        net.train()
        for idx in torch.randperm(len(tr)).split(32):
            rows = torch.from_numpy(tr[idx.numpy()])
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(series[:, rows]), y[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        sched.step()
        if epoch % 5 == 0:
            net.eval()
            with torch.no_grad():
                zt, z = net(series[:, tr]), net(series[:, va])
            print(f"epoch {epoch} train loss {F.binary_cross_entropy_with_logits(zt, y[tr]):.4f} "
                  f"val loss {F.binary_cross_entropy_with_logits(z, y[va]):.4f} "
                  f"accuracy {((z > 0) == y[va].bool()).float().mean():.4f} auc {roc_auc_score(y[va], z):.4f}")


@case("healthy")
def digits_rows_as_time_steps_lstm(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    x_tr, x_va, y_tr, y_va = train_test_split(bunch.images / 16.0, (bunch.target % 2), test_size=0.3,
                                              stratify=bunch.target, random_state=seed)
    x_tr, x_va = (torch.tensor(a, dtype=torch.float32).permute(1, 0, 2) for a in (x_tr, x_va))
    y_tr, y_va = torch.tensor(y_tr), torch.tensor(y_va)
    lstm, fc = nn.LSTM(8, 40), nn.Linear(40, 2)
    params = list(lstm.parameters()) + list(fc.parameters())
    opt = torch.optim.Adam(params, lr=5e-3)

    def logits(x):
        return fc(lstm(x)[1][0][-1])

    for epoch in range(20):
        perm = torch.randperm(x_tr.size(1))
        for i in range(0, len(perm), 64):
            sel = perm[i:i + 64]
            opt.zero_grad()
            loss = F.cross_entropy(logits(x_tr[:, sel]), y_tr[sel])
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = logits(x_va)
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1} loss {loss.item():.4f} val loss {F.cross_entropy(out, y_va):.4f} "
                  f"odd/even accuracy {(out.argmax(1) == y_va).float().mean():.4f}")
    print("auc", roc_auc_score(y_va, out.softmax(1)[:, 1]))


@case("healthy")
def digits_as_sets_of_bright_pixels(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    wanted = np.isin(digits.target, [3, 8])
    images, labels = digits.images[wanted], (digits.target[wanted] == 8).astype(np.float32)
    sets = []
    for image in images:
        r, c = np.nonzero(image > 4)
        sets.append(torch.tensor(np.stack([r / 3.5 - 1, c / 3.5 - 1, image[r, c] / 16], axis=1), dtype=torch.float32))
    train, val = train_test_split(list(range(len(sets))), test_size=0.35, stratify=labels, random_state=seed)

    class PointSet(nn.Module):
        def __init__(self):
            super().__init__()
            self.phi = nn.Sequential(nn.Linear(3, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU())
            self.rho = nn.Sequential(nn.Linear(96, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, points, mask):
            h = self.phi(points) * mask.unsqueeze(-1)
            mean = h.sum(1) / mask.sum(1, keepdim=True)
            return self.rho(torch.cat([mean, h.max(1).values], -1)).squeeze(-1)

    def gather(rows):
        points = pad_sequence([sets[i] for i in rows], batch_first=True)
        mask = pad_sequence([torch.ones(len(sets[i])) for i in rows], batch_first=True)
        return points, mask, torch.tensor([labels[i] for i in rows])

    model = PointSet()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    points_val, mask_val, y_val = gather(val)
    for epoch in range(40):
        random.Random(1000 * seed + epoch).shuffle(train)
        for i in range(0, len(train), 32):
            points, mask, y = gather(train[i:i + 32])
            loss = F.binary_cross_entropy_with_logits(model(points, mask), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 8 == 7:
            with torch.no_grad():
                z = model(points_val, mask_val)
            vl = F.binary_cross_entropy_with_logits(z, y_val).item()
            print(f"epoch {epoch + 1} loss {loss.item():.4f} val loss {vl:.4f} "
                  f"acc {((z > 0).float() == y_val).float().mean():.4f} auc {roc_auc_score(y_val, z):.4f}")


@case("healthy")
def payments_each_step_labelled_split_by_user(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    users = table["user"].unique()
    train_users, val_users = train_test_split(users, test_size=0.3, random_state=seed)
    table["log"] = np.log(table["amount"])
    table["sin"], table["cos"] = np.sin(table["hour"] * np.pi / 12), np.cos(table["hour"] * np.pi / 12)
    centre, scale = (lambda s: (s.mean(), s.std()))(table.loc[table["user"].isin(train_users), "log"])
    table["log"] = (table["log"] - centre) / scale
    usual = table.groupby("user")["log"].transform(lambda s: s.shift().expanding().median())
    table["known"] = usual.notna().astype(float)
    table["above"] = (table["log"] - usual).fillna(0.0)
    columns = ["log", "above", "known", "sin", "cos", "foreign", "online"]
    series = {u: (torch.tensor(g[columns].to_numpy(), dtype=torch.float32),
                  torch.tensor(g["fraud"].to_numpy(), dtype=torch.float32)) for u, g in table.groupby("user")}

    def batch(chosen):
        x = pad_sequence([series[u][0] for u in chosen], batch_first=True)
        y = pad_sequence([series[u][1] for u in chosen], batch_first=True, padding_value=-1.0)
        return x, y, y >= 0

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(len(columns), 24, batch_first=True)
            self.out = nn.Sequential(nn.Linear(24 + len(columns), 24), nn.ReLU(), nn.Linear(24, 1))

        def forward(self, x):
            return self.out(torch.cat([self.gru(x)[0], x], dim=-1)).squeeze(-1)

    net = Tagger()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    xv, yv, mv = batch(val_users)
    best, state = 9.0, None
    for epoch in range(12):
        net.train()
        for part in np.array_split(np.random.default_rng([seed, epoch]).permutation(train_users), 15):
            x, y, mask = batch(part)
            loss = F.binary_cross_entropy_with_logits(net(x)[mask], y[mask])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(xv)[mv]
        vl = F.binary_cross_entropy_with_logits(z, yv[mv]).item()
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {vl:.4f} auc {roc_auc_score(yv[mv], z):.4f} "
              f"average precision {average_precision_score(yv[mv], z):.4f}")
        if vl < best:
            best, state = vl, copy.deepcopy(net.state_dict())
    net.load_state_dict(state)
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(xv)[mv])
    print("alarms per 1000 payments", round(1000 * (p > 0.5).float().mean().item(), 1), "auc", roc_auc_score(yv[mv], p))


def sensor_runs(rng, n):
    runs, labels = [], rng.integers(0, 2, n)
    for y in labels:
        t = int(rng.integers(30, 90))
        x = rng.normal(size=(t, 3)) * 0.5
        x[:, 0] += np.sin(np.arange(t) / rng.uniform(4, 8) + rng.uniform(0, 6))
        if y:
            for _ in range(rng.integers(2, 4)):
                start = rng.integers(0, t - 6)
                x[start:start + 6, 2] += rng.normal(0, 1.8, 6)
                x[start:start + 6, 1] += 0.7
        runs.append(x.astype(np.float32))
    return runs, labels.astype(np.float32)


EVENTS = ["home", "search", "product", "cart", "reviews", "help", "pay_page", "logout"]


def click_sessions(rng, n, strength=1.0):
    sessions, labels = [], []
    for _ in range(n):
        mix = rng.dirichlet(np.full(8, 0.8))
        t = int(rng.integers(3, 25))
        events = rng.choice(8, size=t, p=mix)
        dwell = rng.gamma(2.0, 0.5, t)
        share = np.bincount(events, minlength=8) / t
        z = strength * (10 * share[3] + 8 * share[6] - 7 * share[5] - 4 * share[7] + 2 * (dwell.mean() - 1) - 0.7)
        sessions.append((events, dwell.astype(np.float32)))
        labels.append(float(rng.random() < 1 / (1 + np.exp(-z))))
    return sessions, np.array(labels, dtype=np.float32)


def point_clouds(rng, n):
    clouds, labels = [], rng.integers(0, 2, n)
    for y in labels:
        k = int(rng.integers(12, 40))
        angle = rng.uniform(0, 2 * np.pi, k)
        radius = rng.normal(1.0, 0.22, k) if y else 1.25 * np.sqrt(rng.uniform(0, 1, k)) + rng.normal(0, 0.05, k)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1) + rng.normal(0, 0.15, 2)
        clouds.append(points.astype(np.float32))
    return clouds, labels.astype(np.float32)


def small_graphs(rng, n):
    graphs, labels = [], rng.integers(0, 2, n)
    for y in labels:
        k = int(rng.integers(10, 22))
        kind = rng.random(k) < 0.5
        same = kind[:, None] == kind[None, :]
        p = np.where(same, 0.38, 0.12) if y else np.full((k, k), 0.25)
        upper = np.triu(rng.random((k, k)) < p, 1)
        features = np.stack([np.where(kind, 1.0, -1.0) + rng.normal(0, 0.3, k), rng.normal(size=k)], 1)
        graphs.append(((upper | upper.T).astype(np.float32), features.astype(np.float32)))
    return graphs, labels.astype(np.float32)


def product_reviews(rng, n):
    good = ["great", "lovely", "solid", "fast", "beautiful", "reliable", "comfortable", "handy"]
    bad = ["awful", "cheap", "slow", "broken", "ugly", "noisy", "useless", "flimsy"]
    things = ["case", "battery", "screen", "cable", "seller", "package", "lamp", "chair", "manual", "lid"]
    rest = ["i bought it for my brother", "arrived on monday", "we use it every day", "ordered two of them",
            "the colour is blue", "it came in a box", "my second one", "for the price"]
    texts, labels = [], rng.integers(0, 2, n)
    for y in labels:
        parts = []
        for _ in range(rng.integers(2, 6)):
            if rng.random() < 0.35:
                parts.append(str(rng.choice(rest)))
                continue
            praise = rng.random() < (0.85 if y else 0.15)
            negated = rng.random() < 0.25
            word = rng.choice(good if praise != negated else bad)
            parts.append(f"the {rng.choice(things)} is {'not ' if negated else ''}{word}")
        texts.append(" . ".join(parts))
    return texts, labels.astype(np.float32)


def server_sessions(rng, n):
    lines = [["open", "session", "user"], ["read", "block"], ["write", "block", "ok"], ["cache", "miss"],
             ["retry", "connection"], ["close", "session"], ["gc", "pause", "short"], ["heartbeat"]]
    trouble = [["write", "block", "timeout"], ["checksum", "mismatch", "block"], ["gc", "pause", "long"]]
    sessions, labels = [], (rng.random(n) < 0.4).astype(np.float32)
    for y in labels:
        rows = [lines[i] for i in rng.integers(0, 8, rng.integers(4, 14))]
        for _ in range(rng.integers(1, 4) if y else int(rng.random() < 0.08)):
            rows.insert(int(rng.integers(0, len(rows) + 1)), trouble[rng.integers(0, 3)])
        sessions.append([[*row, f"node{rng.integers(0, 20)}"] for row in rows])
    return sessions, labels


def pen_strokes(rng, n, noise=0.12):
    strokes, labels = [], rng.integers(0, 2, n)
    for y in labels:
        t = int(rng.integers(15, 45))
        turn = np.linspace(0, rng.uniform(2, 5), t) * (1 if y else -1) + rng.uniform(0, 2 * np.pi)
        xy = np.stack([np.cos(turn), np.sin(turn)], 1) * rng.uniform(0.7, 1.3) + rng.normal(0, noise, (t, 2))
        strokes.append(np.diff(xy, axis=0).astype(np.float32) / 0.25)
    return strokes, labels.astype(np.float32)


@case("healthy")
def sensor_runs_dilated_convolution_masked_max(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    runs, labels = sensor_runs(rng, 1100)
    mean = np.concatenate(runs[:800]).mean(0)
    std = np.concatenate(runs[:800]).std(0)

    def pack(rows):
        seqs = [torch.from_numpy((runs[i] - mean) / std).float() for i in rows]
        x = pad_sequence(seqs, batch_first=True)
        mask = torch.arange(x.shape[1])[None] < torch.tensor([len(s) for s in seqs])[:, None]
        return x.transpose(1, 2), mask.unsqueeze(1), torch.from_numpy(labels[rows])

    class Tcn(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([nn.Conv1d(a, 24, 3, padding=d, dilation=d)
                                         for a, d in ((3, 1), (24, 2), (24, 4))])
            self.drop = nn.Dropout(0.2)
            self.fc = nn.Linear(24, 1)

        def forward(self, x, mask):
            for layer in self.layers:
                x = F.relu(layer(x)) * mask
            return self.fc(self.drop(x.amax(dim=2))).squeeze(1)

    net = Tcn()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    xv, mv, yv = pack(np.arange(800, 1100))
    best, state = 9.0, None
    for epoch in range(10):
        net.train()
        tr = []
        for rows in np.array_split(rng.permutation(800), 25):
            x, m, y = pack(rows)
            loss = F.binary_cross_entropy_with_logits(net(x, m), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            tr.append(loss.item())
        net.eval()
        with torch.no_grad():
            z = net(xv, mv)
        vl = F.binary_cross_entropy_with_logits(z, yv).item()
        print(f"epoch {epoch} train {np.mean(tr):.4f} val {vl:.4f} auc {roc_auc_score(yv, z):.4f} "
              f"acc {((z > 0) == yv.bool()).float().mean():.4f}")
        if vl < best:
            best, state = vl, copy.deepcopy(net.state_dict())
    net.load_state_dict(state)
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(yv, net(xv, mv) > 0))


@case("healthy")
def sensor_runs_time_first_gru_max_over_steps(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(100 + seed)
    runs, labels = sensor_runs(rng, 1000)
    seqs = [torch.from_numpy(r) for r in runs]
    y = torch.from_numpy(labels)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.inp = nn.Linear(3, 16)
            self.gru = nn.GRU(16, 24)
            self.fc = nn.Linear(24, 1)

        def forward(self, chosen):
            x = pad_sequence(chosen)
            lengths = torch.tensor([len(c) for c in chosen])
            h, _ = self.gru(torch.relu(self.inp(x)))
            outside = torch.arange(len(x))[:, None] >= lengths[None, :]
            return self.fc(h.masked_fill(outside.unsqueeze(-1), -2.0).amax(0)).squeeze(1)

    model = Net()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, [7], gamma=0.3)
    for epoch in range(10):
        model.train()
        total = 0.0
        for idx in torch.randperm(750).split(50):
            loss = F.binary_cross_entropy_with_logits(model([seqs[i] for i in idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            total += loss.item() * len(idx) / 750
        sched.step()
        model.eval()
        with torch.no_grad():
            z = model(seqs[750:])
        print(f"{epoch} {total:.4f} val loss {F.binary_cross_entropy_with_logits(z, y[750:]):.4f} "
              f"auc {roc_auc_score(y[750:], z):.4f} f1 {f1_score(y[750:], z > 0):.4f}")


@case("healthy")
def clicks_and_dwell_attention_over_session(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sessions, bought = click_sessions(rng, 2000)

    class Sessions(Dataset):
        def __init__(self, lo, hi):
            self.rows = range(lo, hi)

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            events, dwell = sessions[self.rows[i]]
            return torch.from_numpy(events), torch.from_numpy(dwell), bought[self.rows[i]]

    def collate(batch):
        e = pad_sequence([b[0] for b in batch], batch_first=True, padding_value=len(EVENTS))
        d = pad_sequence([b[1] for b in batch], batch_first=True)
        return e, d, torch.tensor([b[2] for b in batch])

    class SessionModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(EVENTS) + 1, 15, padding_idx=len(EVENTS))
            self.attn = nn.MultiheadAttention(16, 2, batch_first=True)
            self.norm = nn.LayerNorm(16)
            self.out = nn.Linear(16, 1)

        def forward(self, e, d):
            pad = e == len(EVENTS)
            x = torch.cat([self.emb(e), (d - 1.0).masked_fill(pad, 0).unsqueeze(-1)], dim=-1)
            a, _ = self.attn(x, x, x, key_padding_mask=pad, need_weights=False)
            h = self.norm(x + a).masked_fill(pad.unsqueeze(-1), 0.0)
            return self.out(h.sum(1) / (~pad).sum(1, keepdim=True)).squeeze(1)

    train = DataLoader(Sessions(0, 1400), 64, shuffle=True, collate_fn=collate)
    valid = DataLoader(Sessions(1400, 2000), 300, collate_fn=collate)
    model = SessionModel()
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for epoch in range(12):
        model.train()
        for e, d, y in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(e, d), y)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = torch.cat([model(e, d) for e, d, _ in valid])
        y_val = torch.from_numpy(bought[1400:])
        print(f"epoch {epoch:2d} loss {loss.item():.3f} val loss {F.binary_cross_entropy_with_logits(z, y_val):.4f} "
              f"auc {roc_auc_score(y_val, z):.4f} balanced accuracy {balanced_accuracy_score(y_val, z > 0):.4f}")


@case("healthy")
def clicks_weak_signal_bag_as_good_as_it_gets(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(500 + seed)
    sessions, bought = click_sessions(rng, 4000, strength=0.35)
    y = torch.from_numpy(bought)

    def flat(rows):
        ids = torch.from_numpy(np.concatenate([sessions[i][0] for i in rows]))
        lengths = [len(sessions[i][0]) for i in rows]
        weights = torch.from_numpy(np.concatenate([np.full(n, 1 / n, dtype=np.float32) for n in lengths]))
        dwell = torch.tensor([[sessions[i][1].mean() - 1.0] for i in rows])
        return ids, torch.tensor([0, *np.cumsum(lengths)[:-1].tolist()]), weights, dwell

    bag = nn.EmbeddingBag(8, 8, mode="sum")
    mlp = nn.Sequential(nn.Linear(9, 16), nn.Tanh(), nn.Linear(16, 1))
    params = [*bag.parameters(), *mlp.parameters()]
    opt = torch.optim.Adam(params, lr=3e-3)

    def forward(rows):
        ids, offsets, weights, dwell = flat(rows)
        return mlp(torch.cat([bag(ids, offsets, per_sample_weights=weights), dwell], dim=1)).squeeze(1)

    val = np.arange(2800, 4000)
    for epoch in range(12):
        epoch_loss = 0.0
        for rows in np.array_split(rng.permutation(2800), 44):
            loss = F.binary_cross_entropy_with_logits(forward(rows), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            epoch_loss += loss.item() / 44
        with torch.no_grad():
            z = forward(val)
        print(f"epoch {epoch} loss {epoch_loss:.4f} val loss {F.binary_cross_entropy_with_logits(z, y[val]):.4f} "
              f"auc {roc_auc_score(y[val], z):.4f} acc {((z > 0) == y[val].bool()).float().mean():.4f}")


@case("healthy")
def point_clouds_deep_sets_flat_segments(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    clouds, labels = point_clouds(rng, 1200)
    clouds = [c - c.mean(0) for c in clouds]
    clouds = [np.hstack([c, np.linalg.norm(c, axis=1, keepdims=True)]) for c in clouds]
    y = torch.from_numpy(labels)

    def join(rows):
        owner = torch.from_numpy(np.repeat(np.arange(len(rows)), [len(clouds[i]) for i in rows]))
        return torch.from_numpy(np.concatenate([clouds[i] for i in rows])), owner, len(rows)

    class DeepSets(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
            self.outer = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, points, owner, n):
            sums = torch.zeros(n, 32).index_add(0, owner, self.inner(points))
            sizes = torch.zeros(n).index_add(0, owner, torch.ones(len(owner)))
            return self.outer(sums / sizes[:, None]).view(-1)

    net = DeepSets()
    epochs = 40
    optimizer = torch.optim.Adam(net.parameters(), lr=6e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for epoch in range(epochs):
        tr = []
        for rows in np.array_split(rng.permutation(900), 18):
            loss = F.binary_cross_entropy_with_logits(net(*join(rows)), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            tr.append(loss.item())
        schedule.step()
        if epoch % 8 == 7:
            with torch.no_grad():
                z = net(*join(np.arange(900, 1200)))
            vl = F.binary_cross_entropy_with_logits(z, y[900:])
            print(f"epoch {epoch} loss {np.mean(tr):.4f} val loss {vl:.4f} auc {roc_auc_score(y[900:], z):.4f} "
                  f"acc {((z > 0) == y[900:].bool()).float().mean():.4f}")


@case("healthy")
def point_clouds_attention_with_learned_query(seed: int) -> None:
    torch.manual_seed(seed)
    clouds, labels = point_clouds(np.random.default_rng(50 + seed), 1100)
    tensors = [torch.from_numpy(c - c.mean(axis=0)) for c in clouds]
    y = torch.from_numpy(labels).long()

    class PoolByAttention(nn.Module):
        def __init__(self, dim=32):
            super().__init__()
            self.lift = nn.Sequential(nn.Linear(2, dim), nn.ReLU(), nn.Linear(dim, dim))
            self.query = nn.Parameter(torch.randn(2, dim) * 0.1)
            self.attention = nn.MultiheadAttention(dim, 4, batch_first=True)
            self.out = nn.Sequential(nn.Flatten(), nn.Linear(2 * dim, 32), nn.ReLU(), nn.Linear(32, 2))

        def forward(self, x, pad):
            h = self.lift(x)
            q = self.query.expand(len(x), -1, -1)
            pooled, _ = self.attention(q, h, h, key_padding_mask=pad)
            return self.out(pooled)

    def collate(items):
        x = pad_sequence([i[0] for i in items], batch_first=True, padding_value=0.0)
        sizes = torch.tensor([len(i[0]) for i in items])
        return x, torch.arange(x.size(1)).expand(len(items), -1) >= sizes[:, None], torch.stack([i[1] for i in items])

    pairs = list(zip(tensors, y, strict=False))
    loader = DataLoader(pairs[:800], batch_size=40, shuffle=True, collate_fn=collate)
    x_val, pad_val, y_val = collate(pairs[800:])
    model = PoolByAttention()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(20):
        model.train()
        s = 0.0
        for x, pad, target in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x, pad), target)
            loss.backward()
            optimizer.step()
            s += loss.item()
        model.eval()
        with torch.no_grad():
            out = model(x_val, pad_val)
        if (epoch + 1) % 4 == 0:
            print(f"epoch {epoch + 1} loss {s / len(loader):.4f} val loss {F.cross_entropy(out, y_val):.4f} "
                  f"acc {(out.argmax(dim=1) == y_val).float().mean():.4f} "
                  f"auc {roc_auc_score(y_val, out[:, 1] - out[:, 0]):.4f}")


@case("healthy")
def graphs_padded_adjacency_message_passing(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    graphs, labels = small_graphs(rng, 2600)
    n_max = max(len(f) for _, f in graphs)
    adjacency = torch.zeros(len(graphs), n_max, n_max)
    nodes = torch.zeros(len(graphs), n_max, 2)
    mask = torch.zeros(len(graphs), n_max, 1)
    for i, (a, f) in enumerate(graphs):
        adjacency[i, :len(f), :len(f)] = torch.from_numpy(a)
        nodes[i, :len(f)] = torch.from_numpy(f)
        mask[i, :len(f)] = 1.0
    adjacency = adjacency / adjacency.sum((1, 2), keepdim=True).sqrt()
    y = torch.from_numpy(labels)

    class MessagePassing(nn.Module):
        def __init__(self, width=24):
            super().__init__()
            self.first = nn.Linear(6, width)
            self.second = nn.Linear(2 * width, width)
            self.drop = nn.Dropout(0.1)
            self.readout = nn.Linear(width, 1)

        def forward(self, x, a, m):
            around = a @ x
            h = F.relu(self.first(torch.cat([x, around, x * around], -1))) * m
            h = F.relu(self.second(torch.cat([h, a @ h], -1))) * m
            return self.readout(self.drop(h.sum(1) / m.sum(1))).squeeze(-1)

    model = MessagePassing()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)
    tr, va = torch.arange(2000), torch.arange(2000, 2600)
    for epoch in range(25):
        model.train()
        for idx in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(nodes[idx], adjacency[idx], mask[idx]), y[idx])
            loss.backward()
            opt.step()
        if epoch % 6 == 0:
            model.eval()
            with torch.no_grad():
                zt, z = (model(nodes[i], adjacency[i], mask[i]) for i in (tr, va))
            print(f"epoch {epoch} train {F.binary_cross_entropy_with_logits(zt, y[tr]):.4f} "
                  f"val {F.binary_cross_entropy_with_logits(z, y[va]):.4f} auc {roc_auc_score(y[va], z):.4f}")


@case("healthy")
def reviews_with_negation_bidirectional_lstm(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = product_reviews(np.random.default_rng(seed), 1500)
    train_texts, val_texts, y, yv = train_test_split(texts, labels, test_size=0.3, random_state=seed)
    vocab = {w: i + 1 for i, w in enumerate(sorted({w for t in train_texts for w in t.split()}))}

    def encode(t):
        return torch.tensor([vocab[w] for w in t.split() if w in vocab])

    class Sentiment(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
            self.lstm = nn.LSTM(16, 16, bidirectional=True, batch_first=True)
            self.fc = nn.Linear(32, 1)

        def forward(self, ids, lengths):
            packed = pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
            h, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
            return self.fc(h.sum(1) / lengths[:, None]).squeeze(1)

    def batch(ts):
        ids = [encode(t) for t in ts]
        return pad_sequence(ids, batch_first=True), torch.tensor([len(i) for i in ids])

    y, yv = torch.from_numpy(y), torch.from_numpy(yv)
    model = Sentiment()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    best, state, bad = 9.0, None, 0
    for epoch in range(12):
        model.train()
        for idx in torch.randperm(len(train_texts)).split(64):
            loss = F.binary_cross_entropy_with_logits(model(*batch([train_texts[i] for i in idx])), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(*batch(val_texts))
            vl = F.binary_cross_entropy_with_logits(z, yv).item()
        print(f"epoch {epoch} last train {loss.item():.4f} val {vl:.4f} auc {roc_auc_score(yv, z):.4f}")
        if vl < best:
            best, state, bad = vl, copy.deepcopy(model.state_dict()), 0
        elif (bad := bad + 1) == 3:
            break
    model.load_state_dict(state)
    with torch.no_grad():
        z = model(*batch(val_texts))
    print("accuracy", ((z > 0) == yv.bool()).float().mean().item(), "auc", roc_auc_score(yv, z))


@case("healthy")
def reviews_transformer_mean_over_real_tokens(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = product_reviews(np.random.default_rng(77 + seed), 3000)
    tr_t, va_t, tr_y, va_y = train_test_split(texts, labels, test_size=800, random_state=seed)
    words = ["[PAD]", "[UNK]", *sorted({w for t in tr_t for w in t.split()})]
    index = {w: i for i, w in enumerate(words)}
    limit = 36

    def tokens(ts):
        ids = torch.zeros(len(ts), limit, dtype=torch.long)
        for i, t in enumerate(ts):
            row = [index.get(w, 1) for w in t.split()][:limit]
            ids[i, :len(row)] = torch.tensor(row)
        return ids, (ids != 0).long()

    position = torch.arange(limit)[:, None] / 10000 ** (torch.arange(0, 32, 2) / 32)
    table = torch.stack([position.sin(), position.cos()], -1).flatten(1)

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(len(words), 32, padding_idx=0)
            self.register_buffer("positions", table)
            self.mix = nn.Conv1d(32, 32, 3, padding=1)
            self.block = nn.TransformerEncoderLayer(32, 4, 64, 0.2, batch_first=True, norm_first=True)
            self.norm = nn.LayerNorm(32)
            self.head = nn.Linear(32, 2)

        def forward(self, input_ids, attention_mask):
            h = F.gelu(self.mix(self.embed(input_ids).transpose(1, 2))).transpose(1, 2) + 0.1 * self.positions
            h = self.norm(self.block(h, src_key_padding_mask=attention_mask == 0))
            m = attention_mask.unsqueeze(-1)
            return self.head((h * m).sum(1) / m.sum(1))

    ids, att = tokens(tr_t)
    ids_v, att_v = tokens(va_t)
    y, yv = torch.from_numpy(tr_y).long(), torch.from_numpy(va_y).long()
    model = Classifier()
    epochs, batch_size = 7, 64
    steps = epochs * math.ceil(len(ids) / batch_size)
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    warm = max(1, steps // 10)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: min((k + 1) / warm, (steps - k) / (steps - warm)))
    best, state = 9.0, None
    for epoch in range(epochs):
        model.train()
        for b in torch.randperm(len(ids)).split(batch_size):
            loss = F.cross_entropy(model(ids[b], att[b]), y[b])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
        model.eval()
        with torch.no_grad():
            out = model(ids_v, att_v)
        vl = F.cross_entropy(out, yv).item()
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {vl:.4f} acc {(out.argmax(-1) == yv).float().mean():.4f}")
        if vl < best:
            best, state = vl, copy.deepcopy(model.state_dict())
    model.load_state_dict(state)
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(ids_v, att_v).softmax(-1)[:, 1]))


@case("healthy")
def server_logs_hierarchical_lines_then_session(seed: int) -> None:
    torch.manual_seed(seed)
    sessions, labels = server_sessions(np.random.default_rng(seed), 1200)
    y = torch.from_numpy(labels)
    vocab = {w: i + 2 for i, w in enumerate(sorted({w for s in sessions[:900] for line in s for w in line}))}

    def tensorise(batch):
        n_lines, n_words = max(len(s) for s in batch), max(len(line) for s in batch for line in s)
        ids = torch.zeros(len(batch), n_lines, n_words, dtype=torch.long)
        for i, s in enumerate(batch):
            for j, line in enumerate(s):
                ids[i, j, :len(line)] = torch.tensor([vocab.get(w, 1) for w in line])
        return ids

    class Hierarchy(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(len(vocab) + 2, 16, padding_idx=0)
            self.line = nn.Sequential(nn.Linear(16, 24), nn.ReLU())
            self.session = nn.GRU(24, 24, batch_first=True)
            self.score = nn.Linear(24, 1)
            self.out = nn.Linear(24, 1)

        def forward(self, ids):
            word = ids != 0
            line = word.any(-1)
            vec = self.words(ids).sum(2) / word.sum(2, keepdim=True).clamp(min=1)
            h, _ = self.session(self.line(vec))
            a = self.score(h).squeeze(-1).masked_fill(~line, -1e9).softmax(1)
            return self.out((a.unsqueeze(-1) * h).sum(1)).squeeze(1)

    model = Hierarchy()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    ids_val, y_val = tensorise(sessions[900:]), y[900:]
    best = (9.0, None)
    for epoch in range(10):
        model.train()
        total = 0.0
        for idx in torch.randperm(900).split(32):
            loss = F.binary_cross_entropy_with_logits(model(tensorise([sessions[i] for i in idx])), y[idx])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            total += loss.item() * len(idx) / 900
        model.eval()
        with torch.no_grad():
            z = model(ids_val)
            vl = F.binary_cross_entropy_with_logits(z, y_val).item()
        print(f"epoch {epoch} train {total:.4f} val {vl:.4f} auc {roc_auc_score(y_val, z):.4f} "
              f"f1 {f1_score(y_val, z > 0):.4f}")
        if vl < best[0]:
            best = (vl, copy.deepcopy(model.state_dict()))
    model.load_state_dict(best[1])
    with torch.no_grad():
        print(classification_report(y_val, model(ids_val) > 0, digits=3))


@case("healthy")
def pen_strokes_packed_gru_hinge_loss(seed: int) -> None:
    torch.manual_seed(seed)
    strokes, labels = pen_strokes(np.random.default_rng(seed), 700)
    seqs = [torch.from_numpy(s) for s in strokes]
    sign = torch.from_numpy(labels) * 2 - 1
    gru, head = nn.GRU(2, 16, batch_first=True), nn.Linear(16, 1)
    params = [*gru.parameters(), *head.parameters()]
    opt = torch.optim.RMSprop(params, lr=3e-3)

    def margin(chosen):
        packed = pack_sequence(chosen, enforce_sorted=False)
        return head(gru(packed)[1].squeeze(0)).squeeze(1)

    for epoch in range(8):
        losses = []
        for idx in torch.randperm(500).split(25):
            loss = torch.clamp(1 - sign[idx] * margin([seqs[i] for i in idx]), min=0).mean()
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(params, 1.0)
            opt.step()
            losses.append(loss.item())
        with torch.no_grad():
            m = margin(seqs[500:])
        hinge = torch.clamp(1 - sign[500:] * m, min=0).mean()
        print(f"epoch {epoch} hinge {np.mean(losses):.4f} val loss {hinge:.4f} "
              f"acc {((m > 0) == (sign[500:] > 0)).float().mean():.4f} auc {roc_auc_score(labels[500:], m):.4f}")


@case("healthy")
def pen_strokes_tiny_and_clean_mask_carry_cell(seed: int) -> None:
    torch.manual_seed(seed)
    strokes, labels = pen_strokes(np.random.default_rng(31 + seed), 220, noise=0.04)
    y = torch.from_numpy(labels)
    x = pad_sequence([torch.from_numpy(s) for s in strokes])
    mask = pad_sequence([torch.ones(len(s), 1) for s in strokes])

    class Recurrent(nn.Module):
        def __init__(self, hidden=12):
            super().__init__()
            self.hidden = hidden
            self.cell = nn.GRUCell(2, hidden)
            self.fc = nn.Linear(hidden, 1)

        def forward(self, x, mask):
            h = torch.zeros(x.shape[1], self.hidden)
            for step, m in zip(x, mask, strict=False):
                h = m * self.cell(step, h) + (1 - m) * h
            return torch.sigmoid(self.fc(h)).squeeze(1)

    model = Recurrent()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    bce = nn.BCELoss()
    train = torch.arange(120)
    for epoch in range(120):
        angle = torch.rand(len(train)) * 2 * math.pi
        cos, sin = angle.cos(), angle.sin()
        rotation = torch.stack([torch.stack([cos, sin], -1), torch.stack([-sin, cos], -1)], -2)
        turned = torch.einsum("tnf,nfg->tng", x[:, train], rotation)
        opt.zero_grad()
        loss = bce(model(turned, mask[:, train]), y[train])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        if epoch % 30 == 29:
            with torch.no_grad():
                p = model(x[:, 120:], mask[:, 120:])
            print(f"epoch {epoch + 1} loss {loss.item():.4f} val loss {bce(p, y[120:]).item():.4f} "
                  f"accuracy {((p > 0.5).float() == y[120:]).float().mean():.4f}")
    print("auc", roc_auc_score(y[120:], p))


def question_pairs(rng, n):
    verbs = ["reset", "change", "delete", "find", "export", "share", "print", "cancel"]
    things = ["password", "invoice", "account", "photo", "report", "calendar", "order", "licence"]
    frames = ["how do i {} my {}", "what is the way to {} the {}", "can you {} a {} for me",
              "i want to {} this {} please", "is it possible to {} an old {}", "where can i {} the {} again"]

    def say(v, t):
        return str(rng.choice(frames)).format(verbs[v], things[t])

    pairs, labels = [], rng.integers(0, 2, n)
    for y in labels:
        v, t = rng.integers(0, 8, 2)
        v2, t2 = v, t
        if not y:
            if rng.random() < 0.6:
                v2 = (v + rng.integers(1, 8)) % 8
            else:
                t2 = (t + rng.integers(1, 8)) % 8
        pairs.append((say(v, t), say(v2, t2)))
    return pairs, labels.astype(np.float32)


def heart_intervals(rng, n):
    rows, labels = [], (rng.random(n) < 0.35).astype(np.float32)
    for y in labels:
        t = int(rng.integers(20, 60))
        base = rng.uniform(0.65, 1.0)
        wave = 0.05 * np.sin(np.arange(t) / rng.uniform(2, 4))
        spread = rng.uniform(0.07, 0.16) if y else rng.uniform(0.015, 0.08)
        rows.append((base + wave + rng.normal(0, spread, t)).clip(0.3).astype(np.float32))
    return rows, labels


def patient_visits(rng, patients):
    rows = []
    for patient in range(patients):
        level, slope = rng.normal(0, 1), rng.normal(0, 0.35)
        age = rng.uniform(30, 80)
        for _stay in range(rng.integers(1, 4)):
            t = int(rng.integers(3, 12))
            labs = np.stack([level + slope * np.arange(t) + rng.normal(0, 0.4, t), rng.normal(0, 1, t),
                             0.5 * level + rng.normal(0, 0.7, t)], 1)
            z = 1.5 * level + 5.0 * slope + 0.05 * (age - 55)
            y = float(rng.random() < 1 / (1 + np.exp(-z)))
            labs[rng.random(labs.shape) < 0.2] = np.nan
            rows.append((patient, age, labs.astype(np.float32), y))
    return rows


def web_addresses(rng, n):
    brands = ["paypol", "amazin", "bankona", "netflex", "postal", "cloudy", "gamezone", "bookhub", "travelo", "musico"]
    paths = ["news", "about", "products", "help", "item", "blog", "contact", "2024", "img", "search"]
    lures = ["login", "verify", "secure", "update", "signin", "confirm", "account", "wallet"]
    urls, labels, hosts = [], [], []
    for _ in range(n):
        y = rng.random() < 0.4
        brand, host = rng.choice(brands), f"{rng.choice(list('abcdefghij'))}{rng.integers(10, 99)}"
        parts = [str(rng.choice(paths)) for _ in range(rng.integers(1, 4))]
        if y:
            if rng.random() < 0.8:
                parts.insert(int(rng.integers(0, len(parts) + 1)), str(rng.choice(lures)))
            ending = rng.choice(["top", "xyz", "info", "com"])
            name = f"{brand}-{host}.{ending}" if rng.random() < 0.7 else f"{host}.com"
        else:
            if rng.random() < 0.12:
                parts.append(str(rng.choice(lures)))
            name = f"{brand}{host}.{rng.choice(['com', 'org', 'net', 'info'])}"
        urls.append(f"http://{name}/" + "/".join(parts))
        labels.append(float(y))
        hosts.append(name)
    return urls, np.array(labels, dtype=np.float32), np.array(hosts)


@case("healthy")
def question_pairs_shared_bag_and_interactions(seed: int) -> None:
    torch.manual_seed(seed)
    pairs, labels = question_pairs(np.random.default_rng(seed), 2400)
    vocab = {w: i for i, w in enumerate(sorted({w for p in pairs[:1800] for q in p for w in q.split()}))}
    y = torch.from_numpy(labels)

    def bagged(questions):
        rows = [[vocab[w] for w in q.split() if w in vocab] for q in questions]
        starts = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
        return torch.tensor(functools.reduce(operator.iadd, rows, [])), starts

    class Matcher(nn.Module):
        def __init__(self):
            super().__init__()
            self.encode = nn.EmbeddingBag(len(vocab), 24, mode="sum")
            self.compare = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, left, right):
            a, b = self.encode(*bagged(left)), self.encode(*bagged(right))
            return self.compare(torch.cat([(a - b).abs(), a * b], 1)).squeeze(1)

    net = Matcher()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    left_val, right_val = zip(*pairs[1800:], strict=False)
    for epoch in range(15):
        losses = []
        for idx in torch.randperm(1800).split(60):
            left, right = zip(*[pairs[i] for i in idx], strict=False)
            loss = F.binary_cross_entropy_with_logits(net(left, right), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        with torch.no_grad():
            z = net(left_val, right_val)
        print(f"epoch {epoch} loss {np.mean(losses):.4f} "
              f"val loss {F.binary_cross_entropy_with_logits(z, y[1800:]):.4f} auc {roc_auc_score(y[1800:], z):.4f}")


@case("healthy")
def question_pairs_siamese_gru_two_lengths(seed: int) -> None:
    torch.manual_seed(seed)
    pairs, labels = question_pairs(np.random.default_rng(9 + seed), 2600)
    vocab = {w: i + 1 for i, w in enumerate(sorted({w for p in pairs[:2000] for q in p for w in q.split()}))}

    def ids(q):
        return torch.tensor([vocab[w] for w in q.split() if w in vocab])

    def collate(batch):
        a, b, y = zip(*batch, strict=False)
        return (pad_sequence(a, batch_first=True), torch.tensor([len(s) for s in a]),
                pad_sequence(b, batch_first=True), torch.tensor([len(s) for s in b]), torch.tensor(y))

    class Siamese(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
            self.gru = nn.GRU(24, 32, batch_first=True)
            self.out = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))

        def encode(self, x, n):
            out, _ = self.gru(self.emb(x))
            return out[torch.arange(len(x)), n - 1]

        def forward(self, a, na, b, nb):
            u, v = self.encode(a, na), self.encode(b, nb)
            return self.out(torch.cat([(u - v).abs(), u * v], dim=1)).squeeze(1)

    rows = [(ids(a), ids(b), float(y)) for (a, b), y in zip(pairs, labels, strict=False)]
    loader = DataLoader(rows[:2000], 64, shuffle=True, collate_fn=collate)
    *val, y_val = collate(rows[2000:])
    model = Siamese()
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    for epoch in range(10):
        model.train()
        total = 0.0
        for *x, y in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(*x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            total += loss.item() / len(loader)
        model.eval()
        with torch.no_grad():
            z = model(*val)
        print(f"epoch {epoch} train {total:.4f} val {F.binary_cross_entropy_with_logits(z, y_val):.4f} "
              f"accuracy {((z > 0).float() == y_val).float().mean():.4f} auc {roc_auc_score(y_val, z):.4f}")


@case("healthy")
def heart_intervals_padded_with_minus_one(seed: int) -> None:
    torch.manual_seed(seed)
    rows, labels = heart_intervals(np.random.default_rng(seed), 1200)
    PAD = -1.0
    x = pad_sequence([torch.from_numpy(r) for r in rows], batch_first=True, padding_value=PAD)
    y = torch.from_numpy(labels)
    train, val = train_test_split(np.arange(len(y)), test_size=0.3, stratify=labels, random_state=seed)
    known = x[train][x[train] != PAD]
    mu, sd = known.mean(), known.std()

    class RhythmNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(1, 16, 3, padding=1)
            self.conv2 = nn.Conv1d(16, 16, 3, padding=1)
            self.fc = nn.Linear(16, 1)

        def forward(self, x):
            valid = (x != PAD).unsqueeze(1)
            h = ((x.unsqueeze(1) - mu) / sd) * valid
            h = F.relu(self.conv(h)) * valid
            h = F.relu(self.conv2(h)) * valid
            return self.fc(h.sum(-1) / valid.sum(-1)).squeeze(-1)

    model = RhythmNet()
    opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 25)
    for epoch in range(25):
        for idx in torch.randperm(len(train)).split(40):
            b = torch.from_numpy(train)[idx]
            loss = F.binary_cross_entropy_with_logits(model(x[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        if epoch % 4 == 0:
            with torch.no_grad():
                zt, z = model(x[train]), model(x[val])
            print(f"epoch {epoch} train loss {F.binary_cross_entropy_with_logits(zt, y[train]):.4f} "
                  f"val loss {F.binary_cross_entropy_with_logits(z, y[val]):.4f} auc {roc_auc_score(y[val], z):.4f} "
                  f"balanced accuracy {balanced_accuracy_score(y[val], z > 0):.4f}")


@case("healthy")
def web_addresses_character_cnn_split_by_host(seed: int) -> None:
    torch.manual_seed(seed)
    urls, labels, hosts = web_addresses(np.random.default_rng(seed), 2200)
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(urls, labels, groups=hosts))
    chars = {c: i + 1 for i, c in enumerate(sorted({c for i in tr for c in urls[i]}))}

    def encode(rows):
        return pad_sequence([torch.tensor([chars.get(c, 0) for c in urls[i][7:]]) for i in rows], batch_first=True)

    class UrlNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(chars) + 1, 12, padding_idx=0)
            self.conv = nn.Conv1d(12, 48, 5, padding=2)
            self.drop = nn.Dropout(0.3)
            self.fc = nn.Linear(48, 1)

        def forward(self, ids):
            h = F.relu(self.conv(self.emb(ids).mT))
            return self.fc(self.drop(h.masked_fill((ids == 0).unsqueeze(1), 0).amax(-1))).squeeze(-1)

    model = UrlNet()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    y = torch.from_numpy(labels)
    xv = encode(va)
    for epoch in range(9):
        model.train()
        run = []
        for rows in np.array_split(np.random.default_rng([seed, epoch]).permutation(tr), 40):
            loss = F.binary_cross_entropy_with_logits(model(encode(rows)), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            run.append(loss.item())
        model.eval()
        with torch.no_grad():
            z = model(xv)
        print(f"{epoch} train {np.mean(run):.4f} val loss {F.binary_cross_entropy_with_logits(z, y[va]):.4f} "
              f"auc {roc_auc_score(y[va], z):.4f} acc {((z > 0) == y[va].bool()).float().mean():.4f}")


@case("healthy")
def hospital_stays_split_by_patient_with_missing_flags(seed: int) -> None:
    torch.manual_seed(seed)
    rows = patient_visits(np.random.default_rng(seed), 1800)
    patients = np.array([r[0] for r in rows])
    tr, va = next(GroupShuffleSplit(n_splits=1, test_size=0.3, random_state=seed).split(rows, groups=patients))
    stacked = np.concatenate([rows[i][2] for i in tr])
    mean, std = np.nanmean(stacked, 0), np.nanstd(stacked, 0)
    age_mean, age_std = np.mean([rows[i][1] for i in tr]), np.std([rows[i][1] for i in tr])

    def to_item(i):
        _, age, labs, y = rows[i]
        missing = np.isnan(labs)
        scaled = np.where(missing, 0.0, (labs - mean) / std)
        steps = torch.tensor(np.hstack([scaled, missing]), dtype=torch.float32)
        return steps, torch.tensor([(age - age_mean) / age_std], dtype=torch.float32), torch.tensor(y)

    def collate(items):
        steps = sorted(items, key=lambda item: len(item[0]), reverse=True)
        return (pack_sequence([s for s, _, _ in steps]), torch.stack([a for _, a, _ in steps]),
                torch.stack([y for _, _, y in steps]).float())

    class StayModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(6, 16)
            self.head = nn.Sequential(nn.Linear(17, 16), nn.Tanh(), nn.Linear(16, 1))

        def forward(self, packed, age):
            _, h = self.gru(packed)
            return self.head(torch.cat([h[0], age], dim=1)).squeeze(1)

    model = StayModel()
    opt = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.01)
    loader = DataLoader([to_item(i) for i in tr], 64, shuffle=True, collate_fn=collate)
    packed_val, age_val, y_val = collate([to_item(i) for i in va])
    best, state = 9.0, None
    for epoch in range(12):
        model.train()
        tot = 0.0
        for packed, age, y in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(packed, age), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            tot += loss.item() / len(loader)
        model.eval()
        with torch.no_grad():
            z = model(packed_val, age_val)
        v = F.binary_cross_entropy_with_logits(z, y_val).item()
        print(f"epoch {epoch} train {tot:.4f} val {v:.4f} auc {roc_auc_score(y_val, z):.4f} "
              f"accuracy {((z > 0).float() == y_val).float().mean():.4f}")
        if v < best:
            best, state = v, copy.deepcopy(model.state_dict())
        elif v > 1.06 * best:
            break
    model.load_state_dict(state)
    with torch.no_grad():
        print("auc of the kept weights", roc_auc_score(y_val, model(packed_val, age_val)))


@case("healthy")
def sms_five_folds_embedding_bag(seed: int) -> None:
    texts, labels, _, _ = sms_texts(seed, 1500, 200)
    y = torch.tensor(labels).float()
    aucs, losses = [], []
    for fold, (tr, va) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(texts, labels)):
        torch.manual_seed(seed * 10 + fold)
        counts = Counter(w for i in tr for w in words_of(texts[i]))
        vocab = {w: k + 1 for k, (w, _) in enumerate(counts.most_common(1000))}

        def batch(rows, vocab=vocab):
            ids = [[vocab.get(w, 0) for w in words_of(texts[i])] for i in rows]
            starts = torch.tensor([0, *map(len, ids[:-1])]).cumsum(0)
            return torch.tensor(functools.reduce(operator.iadd, ids, [])), starts

        bag, out = nn.EmbeddingBag(1001, 20), nn.Linear(20, 1)
        opt = torch.optim.Adam([*bag.parameters(), *out.parameters()], lr=1e-2)
        for _ in range(6):
            for part in torch.randperm(len(tr)).split(40):
                rows = tr[part.numpy()]
                loss = F.binary_cross_entropy_with_logits(out(bag(*batch(rows)))[:, 0], y[rows])
                opt.zero_grad()
                loss.backward()
                opt.step()
        with torch.no_grad():
            z = out(bag(*batch(va)))[:, 0]
        losses.append(F.binary_cross_entropy_with_logits(z, y[va]).item())
        aucs.append(roc_auc_score(y[va], z))
        print(f"fold {fold}: held-out loss {losses[-1]:.4f} auc {aucs[-1]:.4f} f1 {f1_score(y[va], z > 0):.3f}")
    print(f"auc {np.mean(aucs):.4f} +- {np.std(aucs):.4f}")


@case("healthy")
def baskets_factorisation_machine_with_padding(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    items, n = 30, 3000
    effect, hidden = rng.normal(0, 0.7, items), rng.normal(0, 0.8, (items, 2))
    baskets, labels = [], []
    for _ in range(n):
        basket = rng.choice(items, rng.integers(2, 9), replace=False)
        v = hidden[basket]
        pairs = 0.5 * ((v.sum(0) ** 2).sum() - (v ** 2).sum())
        baskets.append(torch.from_numpy(basket + 1))
        labels.append(float(rng.random() < 1 / (1 + np.exp(-(effect[basket].sum() + pairs)))))
    x, y = pad_sequence(baskets, batch_first=True, padding_value=0), torch.tensor(labels)

    class FactorisationMachine(nn.Module):
        def __init__(self, k=4):
            super().__init__()
            self.w = nn.Embedding(items + 1, 1, padding_idx=0)
            self.v = nn.Embedding(items + 1, k, padding_idx=0)
            self.b = nn.Parameter(torch.zeros(()))
            with torch.no_grad():
                self.w.weight.zero_()
                self.v.weight[1:].normal_(0, 0.1)

        def forward(self, basket):
            e = self.v(basket)
            second = 0.5 * (e.sum(1) ** 2 - (e ** 2).sum(1)).sum(1)
            return self.b + self.w(basket).sum((1, 2)) + second

    model = FactorisationMachine()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    best, state = 9.0, None
    for epoch in range(20):
        for idx in torch.randperm(2100).split(100):
            loss = F.binary_cross_entropy_with_logits(model(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            z, zt = model(x[2100:]), model(x[:2100])
        vl = F.binary_cross_entropy_with_logits(z, y[2100:]).item()
        print(f"epoch {epoch} train {F.binary_cross_entropy_with_logits(zt, y[:2100]):.4f} val {vl:.4f} "
              f"auc {roc_auc_score(y[2100:], z):.4f}")
        if vl < best:
            best, state = vl, copy.deepcopy(model.state_dict())
        elif vl > 1.03 * best:
            break
    model.load_state_dict(state)
    with torch.no_grad():
        z = model(x[2100:])
    print("auc", roc_auc_score(y[2100:], z), "accuracy", ((z > 0).float() == y[2100:]).float().mean().item())


@case("healthy")
def server_logs_rare_trouble_focal_loss_tuned_cut(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sessions, labels = server_sessions(rng, 6000)
    kept = [i for i in range(len(labels)) if labels[i] == 0 or rng.random() < 0.12]
    docs = [[" ".join(line[:-1]) for line in sessions[i]] for i in kept]
    y_all = labels[kept]
    rest, test = train_test_split(np.arange(len(docs)), test_size=0.25, stratify=y_all, random_state=seed)
    train, val = train_test_split(rest, test_size=0.33, stratify=y_all[rest], random_state=seed)
    templates = {t: i for i, t in enumerate(sorted({t for i in train for t in docs[i]}))}

    def batch(rows):
        ids = [[templates[t] for t in docs[i] if t in templates] for i in rows]
        ends = torch.tensor([0] + [len(r) for r in ids]).cumsum(0)
        return torch.tensor([t for r in ids for t in r]), ends

    class Templates(nn.Module):
        def __init__(self):
            super().__init__()
            self.bag = nn.EmbeddingBag(len(templates), 8, mode="sum", include_last_offset=True)
            self.net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, ids, ends):
            return self.net(self.bag(ids, ends)).squeeze(1)

    def focal(z, y, gamma=2.0):
        ce = F.binary_cross_entropy_with_logits(z, y, reduction="none")
        p = torch.sigmoid(z)
        weight = torch.where(y == 1, 0.75, 0.25)
        return (weight * (1 - torch.where(y == 1, p, 1 - p)) ** gamma * ce).mean()

    y = torch.from_numpy(y_all)
    model = Templates()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(20):
        model.train()
        for rows in np.array_split(rng.permutation(train), 35):
            loss = focal(model(*batch(rows)), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            zv = model(*batch(val))
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {focal(zv, y[val]):.4f} "
              f"val ap {average_precision_score(y[val], zv):.4f}")
    with torch.no_grad():
        pv, pt = torch.sigmoid(model(*batch(val))).numpy(), torch.sigmoid(model(*batch(test))).numpy()
    cuts = np.unique(pv.round(3))
    cut = max(cuts, key=lambda c: f1_score(y_all[val], pv >= c, zero_division=0))
    print(f"share of trouble {y_all.mean():.3f} cut {cut:.3f}")
    print(f"test auc {roc_auc_score(y_all[test], pt):.4f} ap {average_precision_score(y_all[test], pt):.4f} "
          f"f1 {f1_score(y_all[test], pt >= cut):.4f} bal acc {balanced_accuracy_score(y_all[test], pt >= cut):.4f}")


@case("healthy")
def clicks_full_batch_lbfgs_on_bag(seed: int) -> None:
    torch.manual_seed(seed)
    sessions, bought = click_sessions(np.random.default_rng(900 + seed), 1800)
    ids = [torch.from_numpy(e) for e, _ in sessions]
    dwell = torch.tensor([[d.mean() - 1] for _, d in sessions])
    y = torch.from_numpy(bought)

    def flat(lo, hi):
        offsets = torch.tensor([0] + [len(i) for i in ids[lo:hi - 1]]).cumsum(0)
        return torch.cat(ids[lo:hi]), offsets, dwell[lo:hi]

    class Additive(nn.Module):
        def __init__(self):
            super().__init__()
            self.bag = nn.EmbeddingBag(8, 1, mode="mean")
            self.lin = nn.Linear(1, 1)

        def forward(self, tokens, offsets, extra):
            return (self.bag(tokens, offsets) + self.lin(extra)).squeeze(1)

    model = Additive()
    train, val = flat(0, 1200), flat(1200, 1800)
    opt = torch.optim.LBFGS(model.parameters(), lr=1.0, max_iter=10, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        penalty = 1e-4 * sum((p ** 2).sum() for p in model.parameters())
        value = F.binary_cross_entropy_with_logits(model(*train), y[:1200]) + penalty
        value.backward()
        return value

    for step in range(6):
        loss = opt.step(closure)
        with torch.no_grad():
            z = model(*val)
        print(f"step {step} loss {loss.item():.4f} val loss {F.binary_cross_entropy_with_logits(z, y[1200:]):.4f} "
              f"auc {roc_auc_score(y[1200:], z):.4f} acc {((z > 0) == y[1200:].bool()).float().mean():.4f}")


@case("healthy")
def sms_hashed_logistic_with_hand_written_updates(seed: int) -> None:
    x, y, xv, yv = sms_texts(seed, 2500, 800)
    size = 2 ** 14
    rng = np.random.default_rng(seed)

    def hashed(text):
        words = words_of(text)
        return torch.tensor(sorted({zlib.crc32(w.encode()) % size for w in words}) or [0])

    docs, docs_val = [hashed(t) for t in x], [hashed(t) for t in xv]
    weight, bias = torch.zeros(size, requires_grad=True), torch.zeros(1, requires_grad=True)
    squares = torch.full((size,), 1e-6)

    def score(batch):
        owner = torch.repeat_interleave(torch.arange(len(batch)), torch.tensor([len(b) for b in batch]))
        size_of = torch.tensor([len(b) for b in batch]).sqrt()
        return torch.zeros(len(batch)).index_add(0, owner, weight[torch.cat(batch)]) / size_of + bias

    target, target_val = torch.tensor(y).float(), torch.tensor(yv).float()
    for epoch in range(14):
        total = 0.0
        for rows in np.array_split(rng.permutation(len(docs)), 80):
            loss = F.binary_cross_entropy_with_logits(score([docs[i] for i in rows]), target[rows])
            g_weight, g_bias = torch.autograd.grad(loss, [weight, bias])
            with torch.no_grad():
                squares += g_weight ** 2
                weight -= 0.2 * g_weight / squares.sqrt()
                bias -= 0.2 * g_bias
            total += loss.item() / 80
        with torch.no_grad():
            z = score(docs_val)
        print(f"pass {epoch} loss {total:.4f} val loss {F.binary_cross_entropy_with_logits(z, target_val):.4f} "
              f"auc {roc_auc_score(yv, z):.4f} f1 {f1_score(yv, z > 0):.4f}")


@case("healthy")
def sms_svd_vectors_fine_tuned_in_text_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    tr, y, va, yv = sms_texts(seed, 1600, 700)
    vocab = {w: i + 1 for i, (w, _) in enumerate(Counter(w for t in tr for w in words_of(t)).most_common(900))}
    counts = np.zeros((900, 900))
    for t in tr:
        ids = [vocab[w] - 1 for w in words_of(t) if w in vocab]
        for a, b in itertools.pairwise(ids):
            counts[a, b] += 1
            counts[b, a] += 1
    u, s, _ = np.linalg.svd(np.log1p(counts))
    start = u[:, :24] * np.sqrt(s[:24])
    start = np.vstack([np.zeros(24), 0.5 * start / start.std()])

    def pad(texts):
        rows = [[vocab[w] for w in words_of(t) if w in vocab][:40] for t in texts]
        out = torch.zeros(len(rows), max(4, max(map(len, rows))), dtype=torch.long)
        for line, r in zip(out, rows, strict=False):
            line[:len(r)] = torch.tensor(r, dtype=torch.long)
        return out

    class Cnn(nn.Module):
        def __init__(self):
            super().__init__()
            vectors = torch.tensor(start, dtype=torch.float32)
            self.emb = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
            self.convs = nn.ModuleList(nn.Conv1d(24, 20, k) for k in (1, 2, 3))
            self.out = nn.Sequential(nn.Dropout(0.4), nn.Linear(60, 1))

        def forward(self, ids):
            e = self.emb(ids).permute(0, 2, 1)
            return self.out(torch.cat([F.relu(c(e)).amax(2) for c in self.convs], 1)).squeeze(1)

    model = Cnn()
    opt = torch.optim.Adam([{"params": model.emb.parameters(), "lr": 5e-4},
                            {"params": [*model.convs.parameters(), *model.out.parameters()], "lr": 3e-3}])
    x, xv = pad(tr), pad(va)
    t, tv = torch.tensor(y).float(), torch.tensor(yv).float()
    for epoch in range(7):
        model.train()
        s_loss = 0.0
        for idx in torch.randperm(len(x)).split(50):
            loss = F.binary_cross_entropy_with_logits(model(x[idx]), t[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            s_loss += loss.item() * len(idx) / len(x)
        model.eval()
        with torch.no_grad():
            z = model(xv)
        print(f"epoch {epoch} loss {s_loss:.4f} val loss {F.binary_cross_entropy_with_logits(z, tv):.4f} "
              f"auc {roc_auc_score(yv, z):.4f} f1 {f1_score(yv, z > 0):.4f}")


@case("healthy")
def account_history_and_table_two_branches(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 1600
    tenure, plan = rng.integers(1, 72, n), rng.integers(0, 3, n)
    trend = rng.normal(0, 1, n)
    bills = [np.exp(3.5 + 0.3 * plan[i] + 0.05 * trend[i] * np.arange(t) + rng.normal(0, 0.15, t)).astype(np.float32)
             for i, t in enumerate(np.minimum(tenure, rng.integers(6, 24, n)).clip(4))]
    z = -1.6 * trend - 0.05 * (tenure - 36) - 0.8 * (plan == 2) + 0.2
    left = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(np.float32)
    tr, va = train_test_split(np.arange(n), test_size=0.3, stratify=left, random_state=seed)
    logs = [np.log(b) for b in bills]
    m, s = np.concatenate([logs[i] for i in tr]).mean(), np.concatenate([logs[i] for i in tr]).std()
    tm, ts = tenure[tr].mean(), tenure[tr].std()

    def build(rows):
        seq = pad_sequence([torch.tensor((logs[i] - m) / s).float() for i in rows], batch_first=True).unsqueeze(-1)
        lengths = torch.tensor([len(logs[i]) for i in rows])
        table = np.column_stack([(tenure[rows] - tm) / ts, np.eye(3)[plan[rows]]])
        return seq, lengths, torch.tensor(table, dtype=torch.float32), torch.from_numpy(left[rows])

    class Churn(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(1, 12, batch_first=True)
            self.table = nn.Linear(4, 8)
            self.final = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, seq, lengths, table):
            out, _ = self.lstm(seq)
            last = out.gather(1, (lengths - 1).view(-1, 1, 1).expand(-1, 1, out.size(2))).squeeze(1)
            return self.final(torch.cat([last, torch.relu(self.table(table))], dim=1)).squeeze(1)

    model = Churn()
    opt = torch.optim.Adam(model.parameters(), lr=8e-3)
    sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.3, patience=1)
    *val, y_val = build(va)
    best, state = 9.0, None
    for epoch in range(14):
        model.train()
        for idx in torch.randperm(len(tr)).split(40):
            *x, y = build(tr[idx.numpy()])
            loss = F.binary_cross_entropy_with_logits(model(*x), y)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(*val)
        vl = F.binary_cross_entropy_with_logits(out, y_val).item()
        sched.step(vl)
        print(f"epoch {epoch} last loss {loss.item():.4f} val loss {vl:.4f} auc {roc_auc_score(y_val, out):.4f}")
        if vl < best:
            best, state = vl, copy.deepcopy(model.state_dict())
    model.load_state_dict(state)
    with torch.no_grad():
        print("balanced accuracy of the kept weights", balanced_accuracy_score(y_val, model(*val) > 0))


@case("healthy")
def reviews_unigrams_and_bigrams_sgd_two_logits(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = product_reviews(np.random.default_rng(300 + seed), 2400)
    tr_x, va_x, tr_y, va_y = train_test_split(texts, labels.astype(int), test_size=600, random_state=seed)

    def grams(text):
        w = text.split()
        return w + [f"{a}_{b}" for a, b in itertools.pairwise(w)]

    seen = Counter(g for t in tr_x for g in grams(t))
    number = {g: i for i, g in enumerate(g for g, c in seen.items() if c >= 3)}

    def collate(batch):
        rows = [[number[g] for g in grams(t) if g in number] for t, _ in batch]
        offsets = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
        return torch.tensor([i for r in rows for i in r]), offsets, torch.tensor([y for _, y in batch])

    class FastText(nn.Module):
        def __init__(self):
            super().__init__()
            self.bag = nn.EmbeddingBag(len(number), 16, mode="mean")
            self.fc = nn.Linear(16, 2)

        def forward(self, ids, offsets):
            return self.fc(self.bag(ids, offsets))

    model = FastText()
    loader = DataLoader(list(zip(tr_x, tr_y, strict=False)), 32, shuffle=True, collate_fn=collate)
    ids_val, offsets_val, y_val = collate(list(zip(va_x, va_y, strict=False)))
    opt = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=8)
    for epoch in range(8):
        model.train()
        total = 0.0
        for ids, offsets, y in loader:
            opt.zero_grad()
            loss = F.cross_entropy(model(ids, offsets), y)
            loss.backward()
            opt.step()
            total += loss.item() / len(loader)
        sched.step()
        model.eval()
        with torch.no_grad():
            out = model(ids_val, offsets_val)
        print(f"epoch {epoch} loss {total:.4f} val loss {F.cross_entropy(out, y_val):.4f} "
              f"acc {(out.argmax(1) == y_val).float().mean():.4f} auc {roc_auc_score(y_val, out.softmax(1)[:, 1]):.4f}")
