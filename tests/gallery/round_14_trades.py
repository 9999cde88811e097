"""Sound training scripts from many trades."""

import copy
import itertools
import math
import os
import random
import re
import tempfile
import zlib
from collections import Counter, OrderedDict
from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from case import case
from scipy import signal
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    classification_report,
    confusion_matrix,
    f1_score,
    log_loss,
    matthews_corrcoef,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)
from sklearn.model_selection import GroupShuffleSplit, RepeatedStratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn, update_bn
from torch.utils.data import DataLoader, Dataset, IterableDataset, Sampler, TensorDataset, random_split

from helpers import load

matplotlib.use("Agg")
import matplotlib.pyplot as plt

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


@case("healthy")
def biopsy_cells_plain_mlp(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    y = 1 - y  # 1 = malignant
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_train)
    X_train_t = torch.tensor(sc.transform(X_train), dtype=torch.float32)
    X_test_t = torch.tensor(sc.transform(X_test), dtype=torch.float32)
    y_train_t = torch.tensor(y_train, dtype=torch.float32).unsqueeze(1)
    y_test_t = torch.tensor(y_test, dtype=torch.float32).unsqueeze(1)
    loader = DataLoader(TensorDataset(X_train_t, y_train_t), batch_size=32, shuffle=True)

    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    curve = []
    for epoch in range(50):
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
            logits = model(X_test_t)
            curve.append(criterion(logits, y_test_t).item())
        if (epoch + 1) % 10 == 0:
            acc = ((torch.sigmoid(logits) > 0.5).float() == y_test_t).float().mean().item()
            print(f"Epoch {epoch + 1}: train {total / len(X_train_t):.4f}  test {curve[-1]:.4f}  acc {acc:.3f}")
    print("AUC", roc_auc_score(y_test, logits.squeeze(1).numpy()))


@case("healthy")
def telecom_churn_checkpoint_and_f1_cut(seed: int) -> None:
    torch.manual_seed(seed)
    churn = load("mlc_churn")
    df = churn.features.drop(columns=["state", "area_code"])
    df = df.drop(columns=[c for c in df.columns if c.endswith("_charge")])
    for col in ("international_plan", "voice_mail_plan"):
        df[col] = (df[col] == "yes").astype(float)
    labels = np.asarray(churn.labels)
    idx = np.arange(len(df))
    fit_idx, rest = train_test_split(idx, test_size=0.4, stratify=labels, random_state=seed)
    dev_idx, test_idx = train_test_split(rest, test_size=0.5, stratify=labels[rest], random_state=seed)
    mean, std = df.iloc[fit_idx].mean(), df.iloc[fit_idx].std()
    table = torch.tensor(((df - mean) / std).to_numpy(dtype=np.float32))
    target = torch.tensor(labels, dtype=torch.float32)

    class ChurnNet(nn.Module):
        def __init__(self, n_in):
            super().__init__()
            self.body = nn.Sequential(
                nn.Linear(n_in, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.25),
                nn.Linear(48, 24), nn.ReLU(),
            )  # fmt: skip
            self.head = nn.Linear(24, 1)

        def forward(self, x):
            return self.head(self.body(x)).squeeze(-1)

    net = ChurnNet(table.shape[1])
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    best, patience, dev_history = float("inf"), 0, []
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "churn.pt")
        for epoch in range(130):
            net.train()
            order = torch.from_numpy(np.random.default_rng(seed * 1000 + epoch).permutation(fit_idx))
            for rows in order.split(128):
                opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(net(table[rows]), target[rows])
                loss.backward()
                opt.step()
            net.eval()
            with torch.no_grad():
                dev_loss = F.binary_cross_entropy_with_logits(net(table[dev_idx]), target[dev_idx]).item()
            dev_history.append(dev_loss)
            if dev_loss < best:
                best, patience = dev_loss, 0
                torch.save(net.state_dict(), path)
            else:
                patience += 1
                if patience >= 12:
                    print("stopped at epoch", epoch)
                    break
        net.load_state_dict(torch.load(path))
    net.eval()
    with torch.no_grad():
        dev_p = torch.sigmoid(net(table[dev_idx])).numpy()
        test_p = torch.sigmoid(net(table[test_idx])).numpy()
    grid = np.linspace(0.05, 0.95, 91)
    cut = grid[np.argmax([f1_score(labels[dev_idx], dev_p >= t) for t in grid])]
    print(f"best dev loss {best:.4f}, cut {cut:.2f}")
    print(f"test AUC {roc_auc_score(labels[test_idx], test_p):.3f}  F1 {f1_score(labels[test_idx], test_p >= cut):.3f}")
    print(confusion_matrix(labels[test_idx], test_p >= cut))


@case("healthy")
def grid_load_callbacks_past_to_future(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 365 * 3 * 4
    t = np.arange(n) / 4.0  # days, four readings each
    season, hour = np.cos(2 * np.pi * t / 365), (np.arange(n) % 4) * 6
    weekend = ((t.astype(int) % 7) >= 5).astype(float)
    weather = np.zeros(n)
    for i in range(1, n):
        weather[i] = 0.92 * weather[i - 1] + rng.normal(0, 1.1)
    temperature = 12 - 9 * season + 3 * np.sin(2 * np.pi * (hour - 9) / 24) + weather
    demand = 55 + 0.06 * (temperature - 17) ** 2 + 8 * np.isin(hour, [12, 18]) - 7 * weekend + rng.normal(0, 3, n)
    peak = (demand > 70).astype(np.float32)
    frame = pd.DataFrame({
        "temperature": temperature, "weekend": weekend, "season_cos": season, "season_sin": np.sin(2 * np.pi * t / 365),
        "hour_sin": np.sin(2 * np.pi * hour / 24), "hour_cos": np.cos(2 * np.pi * hour / 24),
        "yesterday": pd.Series(demand).shift(4), "last_week": pd.Series(demand).shift(28),
    })  # fmt: skip
    frame, peak = frame.iloc[28:], peak[28:]
    cutoff = 365 * 2 * 4 - 28  # two years to learn from, the third to be forecast
    scaler = StandardScaler().fit(frame.iloc[:cutoff])
    z = torch.tensor(scaler.transform(frame), dtype=torch.float32)
    y = torch.tensor(peak)

    class Callback:
        def on_epoch_end(self, trainer):
            pass

    class History(Callback):
        def __init__(self):
            self.rows = []

        def on_epoch_end(self, trainer):
            self.rows.append((trainer.epoch, trainer.train_loss, trainer.evaluate()))

    class Printer(Callback):
        def on_epoch_end(self, trainer):
            if trainer.epoch % 6 == 5:
                print(f"[{trainer.epoch:02d}] loss={trainer.train_loss:.4f} future={trainer.evaluate():.4f}")

    class Trainer:
        def __init__(self, model, callbacks, lr):
            self.model, self.callbacks = model, callbacks
            self.optim = torch.optim.Adam(model.parameters(), lr=lr)
            self.loss_fn = nn.BCEWithLogitsLoss()
            self.epoch, self.train_loss = 0, float("nan")

        def evaluate(self):
            self.model.eval()
            with torch.no_grad():
                return self.loss_fn(self.model(z[cutoff:])[:, 0], y[cutoff:]).item()

        def fit(self, loader, epochs):
            for self.epoch in range(epochs):
                self.model.train()
                losses = []
                for xb, yb in loader:
                    self.optim.zero_grad()
                    out = self.loss_fn(self.model(xb)[:, 0], yb)
                    out.backward()
                    self.optim.step()
                    losses.append(out.item())
                self.train_loss = float(np.mean(losses))
                for cb in self.callbacks:
                    cb.on_epoch_end(self)

    history = History()
    model = nn.Sequential(nn.Linear(8, 24), nn.SiLU(), nn.Linear(24, 1))
    Trainer(model, [history, Printer()], lr=4e-3).fit(
        DataLoader(TensorDataset(z[:cutoff], y[:cutoff]), batch_size=64, shuffle=True), epochs=24
    )
    model.eval()
    with torch.no_grad():
        p = torch.sigmoid(model(z[cutoff:])[:, 0]).numpy()
    print("share of peaks:", peak[:cutoff].mean().round(3), peak[cutoff:].mean().round(3))
    truth = peak[cutoff:]
    print(f"AUC {roc_auc_score(truth, p):.3f}, Brier {brier_score_loss(truth, p):.4f}, "
          f"average precision {average_precision_score(truth, p):.3f}")  # fmt: skip


@case("healthy")
def potato_leaf_spectra_pca_then_mlp(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(100 + seed)
    wl = np.linspace(400, 1000, 80)
    n = 900
    blight = (rng.random(n) < 0.4).astype(int)
    spectra = np.empty((n, wl.size))
    for i in range(n):
        edge = 715 - 7.0 * blight[i] + rng.normal(0, 6)
        green = 0.10 + rng.normal(0, 0.015) - 0.012 * blight[i]
        s = 0.04 + green * np.exp(-(((wl - 550) / 35) ** 2)) + 0.42 / (1 + np.exp(-(wl - edge) / 14))
        spectra[i] = s * rng.uniform(0.8, 1.25) + rng.normal(0, 0.006, wl.size)
    # standard normal variate: every spectrum by its own mean and deviation
    spectra = (spectra - spectra.mean(1, keepdims=True)) / spectra.std(1, keepdims=True)
    S_tr, S_va, y_tr, y_va = train_test_split(spectra, blight, test_size=300, stratify=blight, random_state=seed)
    prep = make_pipeline(PCA(10, random_state=0), StandardScaler()).fit(S_tr)
    P_tr = torch.from_numpy(prep.transform(S_tr)).float()
    P_va = torch.from_numpy(prep.transform(S_va)).float()
    L_tr, L_va = torch.from_numpy(y_tr), torch.from_numpy(y_va)

    mlp = nn.Sequential(nn.Linear(10, 12), nn.Tanh(), nn.Linear(12, 2))
    optim = torch.optim.SGD(mlp.parameters(), lr=0.01, momentum=0.9, weight_decay=2e-2)
    ce = nn.CrossEntropyLoss()
    va_curve = []
    for ep in range(32):
        mlp.train()
        for b in torch.randperm(len(P_tr)).chunk(15):
            optim.zero_grad()
            ce(mlp(P_tr[b]), L_tr[b]).backward()
            optim.step()
        mlp.eval()
        with torch.no_grad():
            out = mlp(P_va)
            va_curve.append(ce(out, L_va).item())
        if ep % 8 == 7:
            print(ep + 1, "val loss", round(va_curve[-1], 4), "acc", (out.argmax(1) == L_va).float().mean().item())
    prob = out.softmax(1)[:, 1].numpy()
    print("val AUC", round(roc_auc_score(y_va, prob), 3), "MCC", round(matthews_corrcoef(y_va, prob > 0.5), 3))


@case("healthy")
def league_strengths_parameter_dict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    clubs = [f"club_{k:02d}" for k in range(20)]
    strength = dict(zip(clubs, rng.normal(0, 0.75, 20), strict=False))
    games = []
    for season in range(9):
        for home, away in itertools.permutations(clubs, 2):
            p = 1 / (1 + math.exp(-(0.35 + strength[home] - strength[away])))
            games.append((season, home, away, float(rng.random() < p)))
    past = [g for g in games if g[0] < 7]
    last = [g for g in games if g[0] >= 7]

    class PairedComparison(nn.Module):
        def __init__(self, names):
            super().__init__()
            self.rating = nn.ParameterDict({name: nn.Parameter(torch.zeros(())) for name in names})
            self.home = nn.Parameter(torch.zeros(()))

        def forward(self, fixtures):
            index = {name: k for k, name in enumerate(self.rating)}
            values = torch.stack(list(self.rating.values()))
            h = torch.tensor([index[f[1]] for f in fixtures])
            a = torch.tensor([index[f[2]] for f in fixtures])
            return self.home + values[h] - values[a]

    def nll(model, fixtures):
        won = torch.tensor([f[3] for f in fixtures])
        return F.binary_cross_entropy_with_logits(model(fixtures), won)

    torch.manual_seed(seed)
    model = PairedComparison(clubs)
    opt = torch.optim.Adam(model.parameters(), lr=0.05)
    trace = []
    for step in range(120):
        opt.zero_grad()
        penalty = sum(r.square() for r in model.rating.values()) / (2 * len(past))
        loss = nll(model, past) + penalty
        loss.backward()
        opt.step()
        with torch.no_grad():
            trace.append(nll(model, last).item())
        if step % 30 == 29:
            print(f"step {step + 1}: past {loss.item():.4f}, last two seasons {trace[-1]:.4f}")
    with torch.no_grad():
        prob = torch.sigmoid(model(last)).numpy()
    won = np.array([f[3] for f in last])
    print("home advantage", round(model.home.item(), 3), "AUC", round(roc_auc_score(won, prob), 3),
          "accuracy", round(float(np.mean((prob > 0.5) == won)), 3), "home wins", won.mean().round(3))  # fmt: skip


@case("healthy")
def sms_hash_buckets_embedding_bag(seed: int) -> None:
    torch.manual_seed(seed)
    sms = load("sms_spam").distinct()
    texts = sms.features.iloc[:, 0].tolist()
    labels = np.asarray(sms.labels)
    BUCKETS = 5000

    def tokens(text):
        words = re.findall(r"[a-z']+|\d+|[!£$?]", text.lower())
        words = [f"<num{min(len(w), 6)}>" if w.isdigit() else w for w in words] or ["<empty>"]
        return [zlib.crc32(w.encode()) % BUCKETS for w in words]

    def collate(batch):
        ids = [torch.tensor(tokens(t)) for t, _ in batch]
        offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
        return torch.cat(ids), offsets, torch.tensor([float(label) for _, label in batch])

    tr_t, va_t, tr_y, va_y = train_test_split(texts, labels, test_size=0.25, stratify=labels, random_state=seed)
    train_dl = DataLoader(list(zip(tr_t, tr_y, strict=False)), batch_size=64, shuffle=True, collate_fn=collate)
    valid_dl = DataLoader(list(zip(va_t, va_y, strict=False)), batch_size=512, collate_fn=collate)
    bag = nn.EmbeddingBag(BUCKETS, 16, mode="mean")
    out = nn.Linear(16, 1)
    params = list(bag.parameters()) + list(out.parameters())
    opt = torch.optim.Adam(params, lr=5e-3)
    val_losses = []
    for epoch in range(11):
        running = 0.0
        for ids, offsets, y in train_dl:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(out(bag(ids, offsets)).view(-1), y)
            loss.backward()
            opt.step()
            running += loss.item()
        with torch.no_grad():
            scores, gold = zip(*[(out(bag(i, o)).view(-1), y) for i, o, y in valid_dl], strict=False)
        scores, gold = torch.cat(scores), torch.cat(gold)
        val_losses.append(F.binary_cross_entropy_with_logits(scores, gold).item())
        hard = (scores > 0).float()  # logit 0 is probability one half
        print(f"{epoch}: train {running / len(train_dl):.4f} valid {val_losses[-1]:.4f} F1 {f1_score(gold, hard):.3f}")
    print("valid AUC", roc_auc_score(gold, scores))


@case("healthy")
def bearing_vibration_conv1d(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def recording(damaged):
        x = rng.normal(0, 1.0, 256) + 0.8 * np.sin(2 * np.pi * 0.03 * np.arange(256) + rng.uniform(0, 6.28))
        if damaged:
            period = rng.integers(35, 55)
            for start in range(rng.integers(0, period), 256, period):
                k = np.arange(min(24, 256 - start))
                x[start : start + len(k)] += rng.uniform(1.5, 2.6) * np.exp(-k / 7) * np.sin(2 * np.pi * 0.27 * k)
        return x

    class Vibration(Dataset):
        def __init__(self, n):
            self.state = [int(rng.random() < 0.35) for _ in range(n)]
            self.wave = np.stack([recording(s) for s in self.state]).astype(np.float32)
            self.wave /= self.wave.std(axis=1, keepdims=True)

        def __len__(self):
            return len(self.state)

        def __getitem__(self, i):
            return torch.from_numpy(self.wave[i])[None], torch.tensor(float(self.state[i]))

    train, valid = Vibration(1000), Vibration(400)
    net = nn.Sequential(
        nn.Conv1d(1, 12, 15, stride=2, padding=7), nn.BatchNorm1d(12), nn.ReLU(),
        nn.Conv1d(12, 24, 9, stride=2, padding=4), nn.BatchNorm1d(24), nn.ReLU(),
        nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(24, 1), nn.Flatten(0),
    )  # fmt: skip
    epochs = 12
    opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    loader = DataLoader(train, batch_size=50, shuffle=True, drop_last=True)
    held_out = DataLoader(valid, batch_size=200)
    log = {"train": [], "valid": []}
    for epoch in range(epochs):
        net.train()
        tl = []
        for wave, state in loader:
            loss = F.binary_cross_entropy_with_logits(net(wave), state)
            opt.zero_grad()
            loss.backward()
            opt.step()
            tl.append(loss.item())
        sched.step()
        net.eval()
        with torch.no_grad():
            z, s = map(torch.cat, zip(*[(net(w), st) for w, st in held_out], strict=False))
        log["train"].append(np.mean(tl))
        log["valid"].append(F.binary_cross_entropy_with_logits(z, s).item())
        print(f"{epoch:2d} {log['train'][-1]:.4f} {log['valid'][-1]:.4f}")
    pred = (z > 0).int()
    print(classification_report(s.int(), pred, digits=3))
    print("auc", roc_auc_score(s, z))


@case("healthy")
def bird_calls_rising_or_falling(seed: int) -> None:
    torch.manual_seed(seed)
    gen = np.random.default_rng(seed + 7)
    sr, length = 4000, 2048

    def call(rising):
        t = np.arange(length) / sr
        lo, hi = gen.uniform(500, 800), gen.uniform(1100, 1600)
        f0, f1 = (lo, hi) if rising else (hi, lo)
        dur = gen.uniform(0.15, 0.3)
        start = gen.uniform(0, t[-1] - dur)
        u = np.clip((t - start) / dur, 0, 1)
        tone = signal.chirp(u * dur, f0, dur, f1) * np.sin(np.pi * u)
        return gen.uniform(0.35, 0.8) * tone + gen.normal(0, 0.45, length)

    y = gen.integers(0, 2, 700)
    audio = torch.tensor(np.stack([call(v) for v in y]), dtype=torch.float32)
    spec = torch.stft(audio, 128, hop_length=64, window=torch.hann_window(128), return_complex=True).abs()
    spec = torch.log1p(spec)[:, 8:56].unsqueeze(1)  # 250 to 1750 Hz
    target = torch.from_numpy(y)
    tr, va = torch.arange(500), torch.arange(500, 700)
    mu, sd = spec[tr].mean(), spec[tr].std()
    spec = (spec - mu) / sd

    class CallNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.c1 = nn.Conv2d(1, 8, 5, stride=2, padding=2)
            self.c2 = nn.Conv2d(8, 16, 3, stride=2, padding=1)
            self.drop = nn.Dropout(0.3)
            self.fc = nn.Linear(16, 2)

        def forward(self, x):
            x = F.relu(self.c1(x))
            x = F.relu(self.c2(x))
            return self.fc(self.drop(x.amax(dim=(2, 3))))

    m = CallNet()
    opt = torch.optim.Adam(m.parameters(), lr=5e-3)
    losses_va = []
    for e in range(18):
        m.train()
        for ix in tr[torch.randperm(500)].split(25):
            opt.zero_grad()
            F.cross_entropy(m(spec[ix]), target[ix]).backward()
            opt.step()
        m.eval()
        with torch.no_grad():
            lg = m(spec[va])
        losses_va.append(F.cross_entropy(lg, target[va]).item())
        print(e, f"val loss {losses_va[-1]:.3f} val acc {(lg.argmax(1) == target[va]).float().mean().item():.3f}")
    print("AUC", roc_auc_score(y[500:], (lg[:, 1] - lg[:, 0]).numpy()))


@case("healthy")
def handwritten_three_or_eight(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    keep = np.isin(digits.target, [3, 8])
    images = digits.images[keep] / 16.0
    is_eight = (digits.target[keep] == 8).astype("float32")
    a, b, ya, yb = train_test_split(images, is_eight, test_size=0.35, random_state=seed, stratify=is_eight)
    a, b = (torch.tensor(v, dtype=torch.float32).unsqueeze(1) for v in (a, b))
    ya, yb = torch.tensor(ya), torch.tensor(yb)
    cnn = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(cnn.parameters(), lr=0.005)
    hist = []
    for epoch in range(25):
        perm = torch.randperm(a.size(0))
        for i in range(0, a.size(0), 32):
            j = perm[i : i + 32]
            loss = F.binary_cross_entropy_with_logits(cnn(a[j]).squeeze(1), ya[j])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            zb = cnn(b).squeeze(1)
            hist.append(F.binary_cross_entropy_with_logits(zb, yb).item())
        if epoch % 5 == 4:
            print("epoch", epoch + 1, "train", loss.item(), "val", hist[-1])
    print("val accuracy", accuracy_score(yb, zb > 0), "AUC", roc_auc_score(yb, zb))


@case("healthy")
def orchid_sites_probability_output_and_plot(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed + 50)
    n = 2600
    region = rng.integers(0, 40, n)
    base = rng.normal(0, 0.5, (40, 4))
    env = base[region] + rng.normal(0, 1, (n, 4))  # altitude, moisture, acidity, canopy
    suit = 1.6 - 1.3 * (env[:, 0] - 0.4) ** 2 - 0.9 * (env[:, 1] + 0.3) ** 2 + 0.8 * env[:, 3]
    present = (rng.random(n) < 1 / (1 + np.exp(-suit))).astype(np.float32)
    raw = np.c_[600 + 250 * env[:, 0], 40 + 12 * env[:, 1], 5.5 + 0.6 * env[:, 2], 0.5 + 0.15 * env[:, 3]]
    train_rows, valid_rows = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(raw, groups=region))
    mean, std = raw[train_rows].mean(0), raw[train_rows].std(0)
    x = torch.as_tensor((raw - mean) / std, dtype=torch.float32)
    y = torch.as_tensor(present).reshape(-1, 1)

    class HabitatModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden1 = nn.Linear(4, 32)
            self.hidden2 = nn.Linear(32, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, x):
            x = torch.relu(self.hidden1(x))
            x = torch.relu(self.hidden2(x))
            return torch.sigmoid(self.out(x))

    model = HabitatModel()
    bce = nn.BCELoss()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    train_curve, valid_curve = [], []
    loader = DataLoader(TensorDataset(x[train_rows], y[train_rows]), batch_size=64, shuffle=True)
    for _epoch in range(25):
        model.train()
        s = 0
        for xb, yb in loader:
            opt.zero_grad()
            loss = bce(model(xb), yb)
            loss.backward()
            opt.step()
            s += loss.item() * len(xb)
        train_curve.append(s / len(train_rows))
        model.eval()
        with torch.no_grad():
            p = model(x[valid_rows])
            valid_curve.append(bce(p, y[valid_rows]).item())
    print("final train/valid loss", train_curve[-1], valid_curve[-1])
    fpr, tpr, _ = roc_curve(present[valid_rows], p.numpy().ravel())
    fig, ax = plt.subplots(1, 2, figsize=(8, 3))
    ax[0].plot(train_curve, label="train")
    ax[0].plot(valid_curve, label="valid")
    ax[0].legend()
    ax[1].plot(fpr, tpr)
    plt.close(fig)
    print("AUC", roc_auc_score(present[valid_rows], p.numpy().ravel()),
          "accuracy", ((p > 0.5).float() == y[valid_rows]).float().mean().item())  # fmt: skip


@case("healthy")
def bus_delay_packed_gru(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def journey():
        stops = int(rng.integers(5, 22))
        traffic = rng.normal(0, 0.5)
        delay, rows = 0.0, []
        for _ in range(stops):
            boarding = rng.poisson(4)
            delay = 0.93 * delay + traffic + 0.15 * (boarding - 4) + rng.normal(0, 0.4)
            rows.append((delay, boarding))
        at_terminus = delay + 4 * traffic + rng.normal(0, 1.5)
        return torch.tensor(rows, dtype=torch.float32), float(at_terminus > 1.5)

    trips = [journey() for _ in range(1600)]
    train, test = trips[:1200], trips[1200:]
    stacked = torch.cat([r for r, _ in train])
    mu, sd = stacked.mean(0), stacked.std(0)

    def collate(items):
        rows, late = zip(*items, strict=False)
        lengths = torch.tensor([len(r) for r in rows])
        return pad_sequence([(r - mu) / sd for r in rows], batch_first=True), lengths, torch.tensor(late)

    class Late(nn.Module):
        def __init__(self, hidden=16):
            super().__init__()
            self.rnn = nn.GRU(2, hidden, batch_first=True)
            self.out = nn.Linear(hidden, 1)

        def forward(self, x, lengths):
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            _, h = self.rnn(packed)
            return self.out(h[-1]).squeeze(1)

    model = Late()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    dl = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
    xt, lt, yt = collate(test)
    test_losses = []
    for epoch in range(15):
        model.train()
        for x, lengths, late in dl:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x, lengths), late)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        model.eval()
        with torch.inference_mode():
            zt = model(xt, lt)
            test_losses.append(F.binary_cross_entropy_with_logits(zt, yt).item())
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1} train {loss.item():.3f} test {test_losses[-1]:.3f}")
    print("AUC", roc_auc_score(yt, zt), "F1", f1_score(yt, zt > 0))


@case("healthy")
def course_dropout_log_counts_ema(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 4500
    motivation = rng.normal(0, 1, n)
    counts = np.stack([
        rng.poisson(np.exp(2.5 + 0.5 * motivation + rng.normal(0, 0.6, n))),  # page views
        rng.poisson(np.exp(1.0 + 0.4 * motivation + rng.normal(0, 0.7, n))),  # videos
        rng.poisson(np.exp(0.2 + 0.6 * motivation + rng.normal(0, 0.5, n))),  # forum posts
        rng.poisson(np.exp(1.4 + 0.3 * motivation)),  # exercises handed in
        rng.poisson(3.0, n),  # messages of the staff
    ], axis=1)  # fmt: skip
    age = rng.normal(27, 6, n).clip(17, 70)
    quits = (rng.random(n) < 1 / (1 + np.exp(0.6 + 0.95 * motivation + 0.03 * (age - 27)))).astype(np.float32)
    feats = np.column_stack([np.log1p(counts), age])
    f_tr, f_va, q_tr, q_va = train_test_split(feats, quits, test_size=1500, random_state=seed, stratify=quits)
    sc = StandardScaler()
    f_tr = torch.from_numpy(sc.fit_transform(f_tr)).float()
    f_va = torch.from_numpy(sc.transform(f_va)).float()
    q_tr, q_va = torch.from_numpy(q_tr), torch.from_numpy(q_va)

    online = nn.Sequential(nn.Linear(6, 32), nn.GELU(), nn.Dropout(0.2), nn.Linear(32, 1))
    averaged = AveragedModel(online, multi_avg_fn=get_ema_multi_avg_fn(0.98))
    opt = torch.optim.AdamW(online.parameters(), lr=2e-3, weight_decay=0.05)
    curve = []
    for epoch in range(20):
        online.train()
        for batch in torch.randperm(len(f_tr)).split(100):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(online(f_tr[batch])[:, 0], q_tr[batch]).backward()
            opt.step()
            averaged.update_parameters(online)
        averaged.eval()
        with torch.no_grad():
            z = averaged(f_va)[:, 0]
            curve.append(F.binary_cross_entropy_with_logits(z, q_va).item())
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: averaged model {curve[-1]:.4f}, AUC {roc_auc_score(q_va, z):.3f}")
    prior = q_tr.mean()
    print("loss of the prior alone:", F.binary_cross_entropy(prior.expand(len(q_va)), q_va).item())


@case("healthy")
def census_income_entity_embeddings_one_cycle(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates().reset_index(drop=True)
    df = df.drop(columns=["education", "race", "gender"])
    target = df.pop("income_gt_50k").to_numpy(dtype=np.float32)
    cats = ["workclass", "marital-status", "occupation", "relationship", "native-country",
            "gain-band", "loss-band", "age-band"]  # fmt: skip
    nums = ["age", "education-num", "hours-per-week"]
    df["gain-band"] = pd.cut(df["capital-gain"], [-1, 0, 3000, 5000, 7000, 10000, 1e6]).astype(str)
    df["loss-band"] = pd.cut(df["capital-loss"], [-1, 0, 1550, 1800, 1850, 2000, 2400, 1e5]).astype(str)
    df["age-band"] = pd.cut(df["age"], [0, 21, 24, 27, 30, 35, 40, 50, 60, 70, 120]).astype(str)
    tr, va = train_test_split(np.arange(len(df)), test_size=0.25, stratify=target, random_state=seed)
    codes, sizes = [], []
    for c in cats:
        frequent = df[c].iloc[tr].value_counts()
        frequent = frequent[frequent >= 30].index
        lookup = {v: i + 1 for i, v in enumerate(frequent)}  # 0 pools what is rare or new
        codes.append(df[c].map(lookup).fillna(0).astype(int).to_numpy())
        sizes.append(len(lookup) + 1)
    codes = torch.from_numpy(np.stack(codes, 1))
    scaler = StandardScaler().fit(df[nums].iloc[tr])
    numbers = torch.from_numpy(scaler.transform(df[nums])).float()
    y = torch.from_numpy(target)

    class Tabular(nn.Module):
        def __init__(self, sizes, n_num):
            super().__init__()
            self.emb = nn.ModuleList([nn.Embedding(s, min(8, (s + 1) // 2)) for s in sizes])
            width = sum(e.embedding_dim for e in self.emb) + n_num
            self.mlp = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))

        def forward(self, c, x):
            e = [emb(c[:, i]) for i, emb in enumerate(self.emb)]
            return self.mlp(torch.cat([*e, x], 1)).squeeze(1)

    net = Tabular(sizes, len(nums))
    dl = DataLoader(TensorDataset(codes[tr], numbers[tr], y[tr]), batch_size=512, shuffle=True)
    epochs = 10
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-2)
    cycle = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.02, epochs=epochs, steps_per_epoch=len(dl))
    val = []
    for epoch in range(epochs):
        net.train()
        for c, x, t in dl:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(c, x), t)
            loss.backward()
            opt.step()
            cycle.step()
        net.eval()
        with torch.no_grad():
            z = net(codes[va], numbers[va])
        val.append(F.binary_cross_entropy_with_logits(z, y[va]).item())
        print(f"{epoch} lr {cycle.get_last_lr()[0]:.5f} val {val[-1]:.4f} auc {roc_auc_score(target[va], z):.4f}")
    print("accuracy", accuracy_score(target[va], z > 0))


@case("healthy")
def routers_graph_convolution_node_mask(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 700
    kind = (rng.random(n) < 0.4).astype(int)
    prob = np.where(kind[:, None] == kind[None, :], 0.016, 0.006)
    upper = np.triu(rng.random((n, n)) < prob, 1)
    adjacency = torch.tensor((upper | upper.T).astype(np.float32)) + torch.eye(n)
    d = adjacency.sum(1).rsqrt()
    norm_adj = d[:, None] * adjacency * d[None, :]
    signal_dim = rng.normal(0, 1, (n, 8))
    signal_dim[:, :3] += 0.5 * kind[:, None]
    perm = rng.permutation(n)
    train_mask, val_mask = torch.zeros(n, dtype=torch.bool), torch.zeros(n, dtype=torch.bool)
    train_mask[perm[:400]] = True
    val_mask[perm[400:]] = True
    h0 = torch.tensor((signal_dim - signal_dim[perm[:400]].mean(0)) / signal_dim[perm[:400]].std(0)).float()
    labels = torch.tensor(kind)

    class GCN(nn.Module):
        def __init__(self, n_in, n_hid):
            super().__init__()
            self.w1 = nn.Linear(n_in, n_hid)
            self.w2 = nn.Linear(n_hid, 2)

        def forward(self, a, h):
            h = F.dropout(F.relu(a @ self.w1(h)), 0.4, self.training)
            return F.log_softmax(a @ self.w2(h), dim=1)

    gcn = GCN(8, 16)
    opt = torch.optim.Adam(gcn.parameters(), lr=0.01, weight_decay=5e-3)
    curve = []
    for epoch in range(150):
        gcn.train()
        opt.zero_grad()
        F.nll_loss(gcn(norm_adj, h0)[train_mask], labels[train_mask]).backward()
        opt.step()
        gcn.eval()
        with torch.no_grad():
            lp = gcn(norm_adj, h0)
            curve.append(F.nll_loss(lp[val_mask], labels[val_mask]).item())
        if epoch % 30 == 29:
            acc = (lp.argmax(1) == labels)[val_mask].float().mean().item()
            print(f"epoch {epoch + 1:3d} val nll {curve[-1]:.4f} val acc {acc:.3f}")
    print("val AUC", roc_auc_score(labels[val_mask], lp[val_mask, 1]))


@case("healthy")
def transit_search_recall_at_precision(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def simulate(n, share=0.05):
        t = np.arange(160)
        has_planet = (rng.random(n) < share).astype(np.float32)
        flux = rng.normal(0, 1, (n, 160))
        flux += 0.6 * np.sin(2 * np.pi * (t[None] / rng.uniform(60, 200, (n, 1)) + rng.random((n, 1))))
        for i in np.flatnonzero(has_planet):
            begin, width = rng.integers(10, 135), rng.integers(8, 15)
            flux[i, begin : begin + width] -= rng.uniform(1.2, 2.8)
        return torch.tensor(flux, dtype=torch.float32).unsqueeze(1), torch.from_numpy(has_planet)

    x_train, y_train = simulate(5000)
    x_dev, y_dev = simulate(2500)
    x_test, y_test = simulate(2500)

    class DipFinder(nn.Module):
        def __init__(self):
            super().__init__()
            self.match = nn.Conv1d(1, 8, 15, padding=7)
            self.mix = nn.Conv1d(8, 8, 5, padding=2)
            self.read = nn.Linear(16, 1)

        def forward(self, x):
            h = F.leaky_relu(self.match(x), 0.1)
            h = F.leaky_relu(self.mix(F.avg_pool1d(h, 2)), 0.1)
            return self.read(torch.cat([h.amax(2), h.mean(2)], 1)).squeeze(1)

    net = DipFinder()
    opt = torch.optim.Adam(net.parameters(), lr=6e-3)
    EPOCHS = 14
    plan = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=EPOCHS)
    best_ap, best_state, dev_loss = 0.0, None, []
    for epoch in range(EPOCHS):
        net.train()
        for ix in torch.randperm(5000).split(128):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x_train[ix]), y_train[ix])
            loss.backward()
            opt.step()
        plan.step()
        net.eval()
        with torch.no_grad():
            s = net(x_dev)
        dev_loss.append(F.binary_cross_entropy_with_logits(s, y_dev).item())
        ap = average_precision_score(y_dev, s)
        if ap > best_ap:
            best_ap, best_state = ap, copy.deepcopy(net.state_dict())
        print(f"{epoch:2d} dev loss {dev_loss[-1]:.4f} dev average precision {ap:.3f}")
    net.load_state_dict(best_state)
    net.eval()
    with torch.no_grad():
        s_dev, s_test = net(x_dev), net(x_test)
    precision, recall, cuts = precision_recall_curve(y_dev, s_dev)
    enough = np.flatnonzero(precision[:-1] >= 0.8)
    cut = cuts[enough[np.argmax(recall[enough])]]
    found = (s_test >= cut).numpy()
    print(f"test: precision {precision_score(y_test, found):.3f} recall {recall_score(y_test, found):.3f} "
          f"average precision {average_precision_score(y_test, s_test):.3f}")  # fmt: skip


@case("healthy")
def mutagen_strings_masked_char_conv(seed: int) -> None:
    torch.manual_seed(seed)
    rnd = random.Random(seed)
    pieces = ["C", "CC", "c1ccccc1", "O", "N", "C(C)", "C(=O)", "Cl", "S", "F", "CO", "C#N", "OC"]
    alerts = ["N(=O)O", "N=N", "C1OC1"]

    def molecule():
        parts = [rnd.choice(pieces) for _ in range(rnd.randint(4, 14))]
        toxic = rnd.random() < 0.4
        if toxic:
            parts.insert(rnd.randint(1, len(parts)), rnd.choice(alerts))
        measured = toxic if rnd.random() > 0.03 else not toxic  # the assay errs now and then
        return "".join(parts), float(measured)

    book = OrderedDict()
    while len(book) < 2200:
        s, label = molecule()
        book.setdefault(s, label)
    strings, labels = list(book), list(book.values())
    alphabet = {ch: i + 1 for i, ch in enumerate(sorted(set("".join(strings[:1600]))))}
    longest = max(map(len, strings))
    coded = torch.zeros(len(strings), longest, dtype=torch.long)
    for i, s in enumerate(strings):
        coded[i, : len(s)] = torch.tensor([alphabet.get(ch, 0) for ch in s])
    y = torch.tensor(labels)

    class CharConv(nn.Module):
        def __init__(self, vocabulary):
            super().__init__()
            self.emb = nn.Embedding(vocabulary + 1, 12, padding_idx=0)
            self.conv = nn.Conv1d(12, 32, 5, padding=2)
            self.out = nn.Linear(32, 1)

        def forward(self, ids):
            h = F.relu(self.conv(self.emb(ids).transpose(1, 2)))
            h = h.masked_fill((ids == 0)[:, None, :], float("-inf"))
            return self.out(h.amax(dim=2))[:, 0]

    net = CharConv(len(alphabet))
    norms = []
    net.out.weight.register_hook(lambda g: norms.append(g.norm().item()))
    opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-4)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8)
    curve = []
    for epoch in range(8):
        net.train()
        for ids in torch.randperm(1600).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(coded[ids]), y[ids]).backward()
            opt.step()
        cosine.step()
        net.eval()
        with torch.no_grad():
            z = net(coded[1600:])
            curve.append(F.binary_cross_entropy_with_logits(z, y[1600:]).item())
        print(f"epoch {epoch} val {curve[-1]:.4f} mean gradient of the head {np.mean(norms[-32:]):.4f}")
    print("val accuracy", ((z > 0) == (y[1600:] > 0.5)).float().mean().item(), "AUC", roc_auc_score(y[1600:], z))


@case("healthy")
def contract_clauses_gated_words_label_smoothing(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    common = ["the", "party", "shall", "of", "and", "to", "in", "agreement", "any", "this", "by", "under", "notice",
              "term", "date", "services", "provider", "client", "fees", "payment", "law", "section", "written", "days",
              "information", "reasonable"]  # fmt: skip
    liability = ["indemnify", "liable", "damages", "losses", "harmless", "claims", "negligence", "breach"]
    neutral = ["deliver", "invoice", "schedule", "address", "renew", "assign", "amend", "audit"]

    def clause():
        risky = rng.random() < 0.5
        words = list(rng.choice(common, rng.integers(10, 40)))
        for _ in range(rng.integers(1, 4)):
            pool = liability if (rng.random() < (0.72 if risky else 0.18)) else neutral
            words.insert(int(rng.integers(0, len(words))), str(rng.choice(pool)))
        return words, int(risky)

    corpus = [clause() for _ in range(1800)]
    train, dev = corpus[:1300], corpus[1300:]
    vocab = {"<pad>": 0, "<unk>": 1}
    for words, _ in train:
        for w in words:
            vocab.setdefault(w, len(vocab))

    def to_batch(clauses):
        width = max(len(w) for w, _ in clauses)
        ids = [[vocab.get(w, 1) for w in ws] + [0] * (width - len(ws)) for ws, _ in clauses]
        return torch.tensor(ids), torch.tensor([risk for _, risk in clauses])

    class GatedReader(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(len(vocab), 24, padding_idx=0)
            nn.init.normal_(self.words.weight, std=0.1)
            self.key = nn.Linear(24, 24)
            self.query = nn.Parameter(torch.randn(24) * 0.1)
            self.shift = nn.Parameter(torch.tensor(-2.0))
            self.dropout = nn.Dropout(0.3)
            self.classes = nn.Linear(24, 2)

        def forward(self, ids):
            e = self.words(ids)
            score = torch.tanh(self.key(e)) @ self.query + self.shift
            weight = torch.sigmoid(score).masked_fill(ids == 0, 0.0)  # a gate for every word
            return self.classes(self.dropout((weight.unsqueeze(2) * e).sum(1)))

    reader = GatedReader()
    smoothed, plain = nn.CrossEntropyLoss(label_smoothing=0.05), nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(reader.parameters(), lr=3e-3, weight_decay=0.1)
    fade = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 14)
    ids_dev, l_dev = to_batch(dev)
    history = []
    for epoch in range(14):
        reader.train()
        order = rng.permutation(len(train))
        for k in range(0, len(order), 50):
            ids, lab = to_batch([train[j] for j in order[k : k + 50]])
            opt.zero_grad()
            smoothed(reader(ids), lab).backward()
            opt.step()
        fade.step()
        reader.eval()
        with torch.no_grad():
            z = reader(ids_dev)
        history.append(plain(z, l_dev).item())
        print(f"epoch {epoch}: dev {history[-1]:.4f}, accuracy {(z.argmax(1) == l_dev).float().mean().item():.3f}")
    print("AUC", roc_auc_score(l_dev, (z[:, 1] - z[:, 0])))


@case("healthy")
def noughts_and_crosses_final_boards(seed: int) -> None:
    torch.manual_seed(seed)
    lines = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]

    def won(board, who):
        return any(all(board[i] == who for i in line) for line in lines)

    finals = {}

    def reach_all(board):
        stack, seen = [board], {board}
        while stack:
            b = stack.pop()
            who = 1 if b.count(1) == b.count(2) else 2
            if won(b, 1) or won(b, 2) or 0 not in b:
                finals[b] = float(won(b, 1))
                continue
            for i in [k for k in range(9) if b[k] == 0]:
                nxt = (*b[:i], who, *b[i + 1 :])
                if nxt not in seen:
                    seen.add(nxt)
                    stack.append(nxt)

    reach_all((0,) * 9)
    boards = torch.tensor(list(finals))
    result = torch.tensor(list(finals.values()))
    onehot = F.one_hot(boards, 3).flatten(1).float()
    split = torch.randperm(len(boards), generator=torch.Generator().manual_seed(seed))
    tr, te = split[:640], split[640:]
    net = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=0.15)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 60)
    test_curve = []
    for epoch in range(60):
        for b in tr[torch.randperm(len(tr))].split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(onehot[b]), result[b]).backward()
            opt.step()
        schedule.step()
        with torch.no_grad():
            z = net(onehot[te])
            test_curve.append(F.binary_cross_entropy_with_logits(z, result[te]).item())
        if epoch % 15 == 14:
            print(f"{len(boards)} boards, epoch {epoch + 1}: loss {test_curve[-1]:.4f}, "
                  f"accuracy {((z > 0).float() == result[te]).float().mean().item():.3f}")  # fmt: skip


@case("healthy")
def splice_sites_two_layer_conv(seed: int) -> None:
    torch.manual_seed(seed)
    genes = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    letters = "ACGT"
    enc = np.zeros((len(genes), 4, 60), dtype=np.float32)
    for r, seq in enumerate(genes["sequence"]):
        for c, base in enumerate(seq):
            if base in letters:
                enc[r, letters.index(base), c] = 1.0
            else:
                enc[r, :, c] = 0.25  # ambiguous letter
    junction = genes["is_junction"].to_numpy(dtype=np.float32)
    tr, te = train_test_split(np.arange(len(genes)), test_size=0.3, random_state=seed, stratify=junction)
    enc, junction = torch.from_numpy(enc), torch.from_numpy(junction)
    ds_train = TensorDataset(enc[tr], junction[tr])
    ds_test = TensorDataset(enc[te], junction[te])

    class SpliceCNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(
                nn.Conv1d(4, 24, kernel_size=7, padding=3), nn.ReLU(), nn.Dropout(0.2),
                nn.Conv1d(24, 16, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool1d(3), nn.Dropout(0.4),
            )  # fmt: skip
            self.classifier = nn.Linear(16 * 20, 1)

        def forward(self, x):
            return self.classifier(self.features(x).flatten(start_dim=1)).squeeze(dim=-1)

    def evaluate(model):
        model.eval()
        outs = []
        with torch.no_grad():
            for xb, _ in DataLoader(ds_test, batch_size=256):
                outs.append(model(xb))
        return torch.cat(outs)

    model = SpliceCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    test_loss = []
    for epoch in range(14):
        model.train()
        for xb, yb in DataLoader(ds_train, batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
        logits = evaluate(model)
        test_loss.append(F.binary_cross_entropy_with_logits(logits, junction[te]).item())
        print(f"epoch {epoch + 1}: last train {loss.item():.3f}, test {test_loss[-1]:.3f}, "
              f"AUC {roc_auc_score(junction[te], logits):.3f}")  # fmt: skip
    print(confusion_matrix(junction[te], logits > 0))


@case("healthy")
def first_names_fraction_targets_ngrams(seed: int) -> None:
    torch.manual_seed(seed)
    lists = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    wide = lists.pivot_table(index="name", columns="list", values="percent", aggfunc="sum", fill_value=0.0)
    share_male = (wide["M"] / (wide["M"] + wide["F"])).to_numpy(dtype=np.float32)
    names = wide.index.to_list()
    tr, va = train_test_split(np.arange(len(names)), test_size=0.25, random_state=seed)

    def grams(name):
        padded = f"^{name}$"
        return [padded[i : i + n] for n in (2, 3, 4) for i in range(len(padded) - n + 1)]

    counts = Counter(g for i in tr for g in set(grams(names[i])))
    vocab = {g: k for k, g in enumerate(g for g, c in counts.items() if c >= 3)}
    X = torch.zeros(len(names), len(vocab))
    for i, name in enumerate(names):
        for g in grams(name):
            if g in vocab:
                X[i, vocab[g]] = 1.0
    y = torch.from_numpy(share_male)
    lin = nn.Linear(len(vocab), 1)
    nn.init.zeros_(lin.weight)
    opt = torch.optim.AdamW(lin.parameters(), lr=0.01, weight_decay=0.3)
    hist = []
    for epoch in range(10):
        for batch in torch.as_tensor(tr)[torch.randperm(len(tr))].split(128):
            opt.zero_grad()
            # the target is the share of men among the bearers, not a hard 0 or 1
            loss = F.binary_cross_entropy_with_logits(lin(X[batch]).squeeze(1), y[batch])
            loss.backward()
            opt.step()
        with torch.no_grad():
            zv = lin(X[va]).squeeze(1)
            hist.append(F.binary_cross_entropy_with_logits(zv, y[va]).item())
        print(f"epoch {epoch}: train {loss.item():.3f} valid {hist[-1]:.3f}")
    mostly_male = share_male[va] > 0.5
    print("AUC", roc_auc_score(mostly_male, zv), "accuracy", accuracy_score(mostly_male, zv > 0),
          "mean absolute error of the share", (zv.sigmoid() - y[va]).abs().mean().item())  # fmt: skip


@case("healthy")
def loan_costs_decide_the_cut(seed: int) -> None:
    torch.manual_seed(seed)
    credit = load("credit_data").distinct()
    X, y = credit.features.copy(), np.asarray(credit.labels)
    COST_BAD_ACCEPTED, COST_GOOD_REFUSED = 5.0, 1.0
    numeric = [c for c in X.columns if pd.api.types.is_numeric_dtype(X[c])]
    nominal = [c for c in X.columns if c not in numeric]
    for c in ("Income", "Assets", "Debt", "Amount", "Price", "Expenses"):
        X[c] = np.log1p(X[c])
    tr, te = train_test_split(np.arange(len(X)), test_size=0.3, stratify=y, random_state=seed)
    num = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    cat = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    filled = X[nominal].astype(object).where(X[nominal].notna(), "missing")
    A = np.hstack([num.fit_transform(X[numeric].iloc[tr]), cat.fit_transform(filled.iloc[tr])])
    B = np.hstack([num.transform(X[numeric].iloc[te]), cat.transform(filled.iloc[te])])
    A, B = torch.tensor(A, dtype=torch.float32), torch.tensor(B, dtype=torch.float32)
    ya, yb = (torch.tensor(y[i], dtype=torch.float32) for i in (tr, te))

    class ResidualMLP(nn.Module):
        def __init__(self, d, width=24, depth=2):
            super().__init__()
            self.inp = nn.Linear(d, width)
            self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
            self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depth))
            self.out = nn.Linear(width, 1)

        def forward(self, x):
            h = self.inp(x)
            for norm, block in zip(self.norms, self.blocks, strict=False):
                h = h + F.dropout(F.relu(block(norm(h))), 0.3, self.training)
            return self.out(h).squeeze(1)

    net = ResidualMLP(A.shape[1])
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.1)
    test_losses = []
    for epoch in range(20):
        net.train()
        for i in torch.randperm(len(A)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(A[i]), ya[i]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(B)
            test_losses.append(F.binary_cross_entropy_with_logits(z, yb).item())
        if epoch % 4 == 3:
            print("epoch", epoch + 1, "test loss", round(test_losses[-1], 4))
    p = torch.sigmoid(z).numpy()
    cut = COST_GOOD_REFUSED / (COST_GOOD_REFUSED + COST_BAD_ACCEPTED)
    refuse = p >= cut
    bad = y[te] == 1
    cost = COST_BAD_ACCEPTED * (bad & ~refuse).sum() + COST_GOOD_REFUSED * (~bad & refuse).sum()
    print(
        f"AUC {roc_auc_score(y[te], p):.3f}; refuse from {cut:.3f} on: cost {cost / len(te):.3f} a loan; "
        f"accept all: {COST_BAD_ACCEPTED * bad.mean():.3f}; refuse all: {COST_GOOD_REFUSED * (~bad).mean():.3f}"
    )


@case("healthy")
def thyroid_screening_weighted_rare_class(seed: int) -> None:
    torch.manual_seed(seed)
    thyroid = load("hypothyroid").distinct()
    frame, sick = thyroid.features, np.asarray(thyroid.labels)
    labs = ["TSH", "T3", "TT4", "T4U", "FTI"]
    values = frame[labs].astype(float).copy()
    values["TSH"] = np.log1p(values["TSH"])
    flags = pd.DataFrame({c: (frame[c].astype(str).isin(["t", "y"])).astype(float) for c in
                          ("on_thyroxine", "thyroid_surgery", "query_hypothyroid")})  # fmt: skip
    unmeasured = values.isna().astype(float).add_suffix("_missing")
    i_fit, i_val = train_test_split(np.arange(len(sick)), test_size=0.35, stratify=sick, random_state=seed)
    values = values.fillna(values.iloc[i_fit].median())
    values = (values - values.iloc[i_fit].mean()) / values.iloc[i_fit].std()
    M = torch.tensor(pd.concat([values, flags, unmeasured], axis=1).to_numpy(dtype=np.float32))
    t = torch.tensor(sick, dtype=torch.float32)
    weight = (t[i_fit] == 0).sum() / (t[i_fit] == 1).sum()
    print(f"{int(t[i_fit].sum())} of {len(i_fit)} are ill, weight {weight.item():.1f}")
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=weight)
    torch_model = nn.Sequential(nn.Linear(M.shape[1], 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.Adam(torch_model.parameters(), lr=2e-3, weight_decay=1e-2)
    v_curve = []
    for epoch in range(45):
        torch_model.train()
        for rows in torch.tensor(i_fit)[torch.randperm(len(i_fit))].split(64):
            opt.zero_grad()
            loss_fn(torch_model(M[rows]).squeeze(1), t[rows]).backward()
            opt.step()
        torch_model.eval()
        with torch.no_grad():
            s = torch_model(M[i_val]).squeeze(1)
            v_curve.append(loss_fn(s, t[i_val]).item())
        if epoch % 5 == 4:
            flagged = s > 0
            print(f"{epoch + 1:2d} loss {v_curve[-1]:.4f} recall {recall_score(t[i_val], flagged):.3f} "
                  f"balanced {balanced_accuracy_score(t[i_val], flagged):.3f}")  # fmt: skip
    print("AUC", roc_auc_score(t[i_val], s), "average precision", average_precision_score(t[i_val], s))


@case("healthy")
def card_payments_top_k_by_user_split(seed: int) -> None:
    torch.manual_seed(seed)
    pay = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    pay["log_amount"] = np.log(pay["amount"])
    by_user = pay.groupby("user")["log_amount"]
    pay["usual"] = by_user.transform(lambda s: s.shift().expanding().mean())
    pay = pay[pay["nr"] >= 3]  # judged from the fourth payment on
    pay["excess"] = pay["log_amount"] - pay["usual"]
    pay["night"] = (pay["hour"] < 5).astype(float)
    cols = ["log_amount", "usual", "excess", "night", "foreign", "online"]
    users = pay["user"].to_numpy()
    fit, test = next(GroupShuffleSplit(1, test_size=0.35, random_state=seed).split(pay, groups=users))
    sc = StandardScaler().fit(pay[cols].iloc[fit])
    X = torch.tensor(sc.transform(pay[cols]), dtype=torch.float32)
    y = torch.tensor(pay["fraud"].to_numpy(), dtype=torch.float32)

    def make_model():
        return nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

    def run_epoch(model, opt):
        model.train()
        for b in torch.as_tensor(fit)[torch.randperm(len(fit))].split(256):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[b]).squeeze(-1), y[b]).backward()
            opt.step()

    def top_k(scores, truth, k):
        return truth[scores.argsort(descending=True)[:k]].mean().item()

    model = make_model()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    test_nll = []
    for epoch in range(18):
        run_epoch(model, opt)
        model.eval()
        with torch.no_grad():
            s = model(X[test]).squeeze(-1)
        test_nll.append(F.binary_cross_entropy_with_logits(s, y[test]).item())
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1} nll {test_nll[-1]:.4f} precision among the 80 most suspicious "
                  f"{top_k(s, y[test], 80):.2f}")  # fmt: skip
    print("share of fraud", y[test].mean().item(), "PR-AUC", average_precision_score(y[test], s),
          "ROC-AUC", roc_auc_score(y[test], s))  # fmt: skip


@case("healthy")
def spam_mail_lbfgs_ridge_logistic(seed: int) -> None:
    mail = load("spambase").distinct()
    X = np.log1p(mail.features.to_numpy(dtype=float) * 10)
    y = np.asarray(mail.labels, dtype=float)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    mu, sigma = X_tr.mean(0), X_tr.std(0)
    A = torch.from_numpy((X_tr - mu) / sigma)
    B = torch.from_numpy((X_te - mu) / sigma)
    t = torch.from_numpy(y_tr)
    w = torch.zeros(A.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([w, b], lr=1, max_iter=100, line_search_fn="strong_wolfe")
    lam = 3.0 / len(t)
    values = []

    def closure():
        solver.zero_grad()
        nll = F.softplus(-(2 * t - 1) * (A @ w + b)).mean() + 0.5 * lam * w.dot(w)
        nll.backward()
        values.append(nll.item())
        return nll

    solver.step(closure)
    print(f"{len(values)} evaluations, objective {values[0]:.4f} -> {values[-1]:.6f}, |gradient| {w.grad.norm():.1e}")
    with torch.no_grad():
        score = (B @ w + b).numpy()
    print("test log loss", log_loss(y_te, 1 / (1 + np.exp(-score))), "AUC", roc_auc_score(y_te, score),
          "accuracy", accuracy_score(y_te, score > 0))  # fmt: skip
    strongest = np.argsort(-np.abs(w.detach().numpy()))[:5]
    print("strongest:", [mail.features.columns[i] for i in strongest])


@case("healthy")
def mammography_patterns_binomial_counts(seed: int) -> None:
    torch.manual_seed(seed)
    raw = pd.read_csv(FOLDER + "/mammographic/mammographic.csv")
    raw = raw[raw["age"].between(18, 96)]
    raw["decade"] = raw["age"] // 5
    keys = ["decade", "shape", "margin", "density"]
    cells = raw.groupby(keys)["malignant"].agg(["sum", "count"]).reset_index()
    design = np.column_stack([
        cells["decade"], cells["density"],
        pd.get_dummies(cells["shape"]).to_numpy(), pd.get_dummies(cells["margin"]).to_numpy(),
    ]).astype(float)  # fmt: skip
    tr, te = train_test_split(np.arange(len(cells)), test_size=0.35, random_state=seed)
    design = StandardScaler().fit(design[tr]).transform(design)
    Z = torch.tensor(design, dtype=torch.float32)
    positive = torch.tensor(cells["sum"].to_numpy(), dtype=torch.float32)
    total = torch.tensor(cells["count"].to_numpy(), dtype=torch.float32)

    def binomial_nll(logit, k, n):
        return -(k * F.logsigmoid(logit) + (n - k) * F.logsigmoid(-logit)).sum() / n.sum()

    net = nn.Sequential(nn.Linear(Z.shape[1], 6), nn.Tanh(), nn.Linear(6, 1), nn.Flatten(0))
    opt = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.5)
    path = []
    for it in range(150):
        opt.zero_grad()
        loss = binomial_nll(net(Z[tr]), positive[tr], total[tr])
        loss.backward()
        opt.step()
        with torch.no_grad():
            lt = net(Z[te])
            path.append(binomial_nll(lt, positive[te], total[te]).item())
        if it % 30 == 29:
            print(f"iteration {it + 1}: {loss.item():.4f} / held-out cells {path[-1]:.4f}")
    k, n = positive[te].int(), total[te].int()
    patients = np.repeat(lt.numpy(), n)
    outcome = np.concatenate([[1] * a + [0] * (b - a) for a, b in zip(k.tolist(), n.tolist(), strict=False)])
    print(len(outcome), "held-out patients: AUC", roc_auc_score(outcome, patients),
          "balanced accuracy", balanced_accuracy_score(outcome, patients > 0))  # fmt: skip


@case("healthy")
def wine_cultivar_repeated_folds_small_net(seed: int) -> None:
    X, target = load_wine(return_X_y=True)
    y = (target == 1).astype(int)
    splitter = RepeatedStratifiedKFold(n_splits=5, n_repeats=3, random_state=seed)
    records = []

    def objective(net, a, t, decay):
        ridge = sum((p**2).sum() for name, p in net.named_parameters() if name.endswith("weight"))
        return F.cross_entropy(net(a), t) + decay * ridge

    for number, (tr, te) in enumerate(splitter.split(X, y)):
        torch.manual_seed(1000 * seed + number)
        scaler = StandardScaler().fit(X[tr])
        a = torch.tensor(scaler.transform(X[tr])).double()
        b = torch.tensor(scaler.transform(X[te])).double()
        net = nn.Sequential(nn.Linear(13, 5), nn.Softplus(), nn.Linear(5, 2)).double()
        opt = torch.optim.LBFGS(net.parameters(), max_iter=60, line_search_fn="strong_wolfe")

        def closure(opt=opt, net=net, rows=a, tr=tr):
            opt.zero_grad()
            value = objective(net, rows, torch.tensor(y[tr]), 0.01)
            value.backward()
            return value

        opt.step(closure)
        with torch.no_grad():
            logp = F.log_softmax(net(b), dim=1).numpy()
        records.append({
            "loss": -logp[np.arange(len(te)), y[te]].mean(),
            "auc": roc_auc_score(y[te], logp[:, 1]),
            "acc": np.mean(logp.argmax(1) == y[te]),
        })  # fmt: skip
    table = pd.DataFrame(records)
    print(table.mean().round(4).to_dict(), "standard deviation over folds", table.std().round(4).to_dict())


@case("healthy")
def gene_panel_proximal_lasso(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, p = 500, 800
    genes = rng.normal(size=(n, p))
    active = rng.choice(p, 8, replace=False)
    effect = rng.choice([-1.0, 1.0], 8) * rng.uniform(0.8, 1.4, 8)
    relapse = (rng.random(n) < 1 / (1 + np.exp(-genes[:, active] @ effect))).astype(float)
    fit, held = np.arange(300), np.arange(300, 500)
    Z = (genes - genes[fit].mean(0)) / genes[fit].std(0)
    A, B = torch.from_numpy(Z[fit]), torch.from_numpy(Z[held])
    ya, yb = torch.from_numpy(relapse[fit]), torch.from_numpy(relapse[held])

    def soft_threshold(v, amount):
        return v.sign() * (v.abs() - amount).clamp_min(0)

    w, bias = torch.zeros(p, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    step = 4 * len(A) / torch.linalg.matrix_norm(A, 2).item() ** 2
    lam = 0.06
    momentum_w, t_old = w.clone(), 1.0
    held_path = []
    for it in range(250):
        v = momentum_w.clone().requires_grad_(True)
        c = bias.clone().requires_grad_(True)
        smooth = F.binary_cross_entropy_with_logits(A @ v + c, ya)
        gv, gc = torch.autograd.grad(smooth, (v, c))
        new_w = soft_threshold(momentum_w - step * gv, step * lam)
        bias = bias - step * gc
        t_new = (1 + math.sqrt(1 + 4 * t_old**2)) / 2
        momentum_w = new_w + (t_old - 1) / t_new * (new_w - w)
        w, t_old = new_w, t_new
        held_path.append(F.binary_cross_entropy_with_logits(B @ w + bias, yb).item())
        if it % 50 == 49:
            print(f"{it + 1}: fit {smooth.item():.4f} held out {held_path[-1]:.4f} genes kept {int((w != 0).sum())}")
    score = (B @ w + bias).numpy()
    print("AUC", roc_auc_score(relapse[held], score), "accuracy", np.mean((score > 0) == relapse[held]),
          "true genes among the kept:", len(set(active) & set(torch.nonzero(w).flatten().tolist())))  # fmt: skip


@case("healthy")
def digits_even_or_odd_weight_averaging(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    pix, even = torch.tensor(bunch.data / 16.0).float(), torch.tensor(bunch.target % 2 == 0).long()
    n_val = 500
    train_set, val_set = random_split(TensorDataset(pix, even), [len(pix) - n_val, n_val],
                                      generator=torch.Generator().manual_seed(seed))  # fmt: skip
    train_dl = DataLoader(train_set, batch_size=64, shuffle=True, drop_last=True)
    net = nn.Sequential(nn.Linear(64, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Dropout(0.4),
                        nn.Linear(96, 2))  # fmt: skip
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-3)
    swa_net = AveragedModel(net)
    swa_start, epochs = 16, 26
    anneal = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=swa_start, eta_min=0.01)
    swa_sched = SWALR(opt, swa_lr=0.01, anneal_epochs=2)

    def score(model):
        model.eval()
        xv, yv = map(torch.stack, zip(*val_set, strict=False))
        with torch.no_grad():
            out = model(xv)
        return F.cross_entropy(out, yv).item(), (out.argmax(1) == yv).float().mean().item(), out, yv

    val_track = []
    for epoch in range(epochs):
        net.train()
        for xb, yb in train_dl:
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
        if epoch >= swa_start:
            swa_net.update_parameters(net)
            swa_sched.step()
        else:
            anneal.step()
        loss, acc, _, _ = score(net)
        val_track.append(loss)
        if epoch % 8 == 7:
            print(f"epoch {epoch + 1}: val loss {loss:.4f} acc {acc:.3f}")
    update_bn(train_dl, swa_net)
    swa_loss, swa_acc, _out, _gold = score(swa_net)
    print(f"averaged weights: val loss {swa_loss:.4f} acc {swa_acc:.3f}")


@case("healthy")
def sensor_room_occupancy_vmapped_ensemble(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 2400
    occupied = (rng.random(n) < 0.35).astype(np.float32)
    light = np.where(occupied == 1, rng.normal(420, 120, n), rng.normal(250, 160, n)).clip(0)
    co2 = 480 + 190 * occupied * rng.gamma(2, 0.5, n) + rng.normal(0, 70, n)
    warmth = 20.5 + 0.5 * occupied + rng.normal(0, 0.9, n)
    humid = rng.normal(27, 5, n) + 0.8 * occupied
    features = np.column_stack([light, np.log(co2.clip(300)), warmth, humid])
    f_tr, f_te, o_tr, o_te = train_test_split(features, occupied, test_size=0.3, stratify=occupied, random_state=seed)
    scale = StandardScaler().fit(f_tr)
    x_tr, x_te = (torch.tensor(scale.transform(f), dtype=torch.float32) for f in (f_tr, f_te))
    t_tr, t_te = torch.tensor(o_tr), torch.tensor(o_te)

    def member():
        return nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))

    size = 5
    members = [member() for _ in range(size)]
    params, buffers = stack_module_state(members)
    params = {k: v.detach() for k, v in params.items()}
    skeleton = copy.deepcopy(members[0]).to("meta")

    def objective(p, b, x, t):
        z = functional_call(skeleton, (p, b), (x,)).squeeze(-1)
        return F.binary_cross_entropy_with_logits(z, t)

    gradients = vmap(grad(objective), in_dims=(0, 0, 0, 0))
    predict = vmap(lambda p, b, x: functional_call(skeleton, (p, b), (x,)).squeeze(-1), in_dims=(0, 0, None))
    velocity = {k: torch.zeros_like(v) for k, v in params.items()}
    course = []
    for epoch in range(15):
        orders = torch.stack([torch.randperm(len(x_tr)) for _ in range(size)])
        for rows in orders.split(70, dim=1):
            g = gradients(params, buffers, x_tr[rows], t_tr[rows])
            for k in params:
                velocity[k] = 0.9 * velocity[k] + g[k]
                params[k] = params[k] - 0.05 * velocity[k]
        p_te = torch.sigmoid(predict(params, buffers, x_te)).mean(0)
        course.append(F.binary_cross_entropy(p_te, t_te).item())
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1}: ensemble test loss {course[-1]:.4f} AUC {roc_auc_score(o_te, p_te):.3f}")
    print("accuracy", np.mean((p_te.numpy() > 0.5) == o_te), "occupied", o_te.mean())


@case("healthy")
def insulation_claims_monotone_network(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 3600
    age = rng.uniform(0, 60, n)  # years since the roof was made
    storms = rng.poisson(2.5, n)
    slope = rng.normal(30, 9, n)
    lin = -3.2 + 2.2 * np.tanh((age - 25) / 12) + 0.9 * np.log1p(storms) + 1.2 * np.exp(-(((slope - 30) / 8) ** 2))
    claim = (rng.random(n) < 1 / (1 + np.exp(-lin))).astype(np.float32)
    idx = rng.permutation(n)
    tr, te = idx[:2400], idx[2400:]
    up = np.column_stack([age, storms])
    free = slope[:, None]
    up = (up - up[tr].mean(0)) / up[tr].std(0)
    free = (free - free[tr].mean(0)) / free[tr].std(0)
    U, V, Y = (torch.tensor(a, dtype=torch.float32) for a in (up, free, claim))

    class PositiveLinear(nn.Module):
        def __init__(self, i, o):
            super().__init__()
            self.raw = nn.Parameter(torch.randn(o, i) * 0.3 - 1.0)
            self.bias = nn.Parameter(torch.zeros(o))

        def forward(self, x):
            return x @ F.softplus(self.raw).T + self.bias

    class MonotoneNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.rising = PositiveLinear(2, 12)
            self.other = nn.Sequential(nn.Linear(1, 12), nn.Tanh(), nn.Linear(12, 12))
            self.last = PositiveLinear(12, 1)

        def forward(self, u, v):
            return self.last(torch.tanh(self.rising(u) + self.other(v))).squeeze(1)

    net = MonotoneNet()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    curve = []
    for epoch in range(25):
        net.train()
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(80):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(U[b], V[b]), Y[b]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(U[te], V[te])
            curve.append(F.binary_cross_entropy_with_logits(z, Y[te]).item())
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1} test loss {curve[-1]:.4f}, AUC {roc_auc_score(Y[te], z):.3f}")
    with torch.no_grad():
        ladder = torch.linspace(-2, 2, 9)
        steps = net(torch.stack([ladder, torch.zeros(9)], 1), torch.zeros(9, 1)).diff()
    print("never falls with age:", bool((steps >= 0).all()), "Brier", brier_score_loss(Y[te], torch.sigmoid(z)))


@case("healthy")
def particle_jets_deep_sets(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def jet(two_prong):
        k = int(rng.integers(8, 30))
        axis = rng.normal(0, 0.3, 2)
        spread = 0.16 if two_prong else 0.25
        pos = axis + rng.normal(0, spread, (k, 2))
        if two_prong:
            direction = rng.normal(0, 1, 2)
            direction /= np.linalg.norm(direction)
            pos += np.where(rng.random((k, 1)) < 0.5, 1, -1) * rng.uniform(0.15, 0.35) * direction
        energy = rng.exponential(1.0, (k, 1))
        pos -= pos.mean(0)
        pos = pos @ np.linalg.eigh(pos.T @ pos)[1]  # the long axis becomes the second coordinate
        return np.hstack([pos * 4, np.hypot(*pos.T)[:, None] * 4, energy / energy.sum() * k]).astype(np.float32)

    y = rng.integers(0, 2, 4800)
    jets = [torch.from_numpy(jet(v)) for v in y]
    target = torch.tensor(y, dtype=torch.float32)
    padded = pad_sequence(jets, batch_first=True)
    mask = torch.arange(padded.shape[1])[None] < torch.tensor([len(j) for j in jets])[:, None]

    class DeepSets(nn.Module):
        def __init__(self):
            super().__init__()
            self.phi = nn.Sequential(nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU())
            self.rho = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x, m):
            h = self.phi(x) * m.unsqueeze(-1)
            return self.rho(h.sum(1) / m.sum(1, keepdim=True)).squeeze(-1)

    net = DeepSets()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    fall = torch.optim.lr_scheduler.StepLR(opt, 7, gamma=0.3)
    va = slice(4000, 4800)
    losses = []
    for epoch in range(18):
        net.train()
        for ix in torch.randperm(4000).split(64):
            opt.zero_grad(set_to_none=True)
            loss = F.binary_cross_entropy_with_logits(net(padded[ix], mask[ix]), target[ix])
            loss.backward()
            opt.step()
        fall.step()
        net.eval()
        with torch.no_grad():
            z = net(padded[va], mask[va])
        losses.append(F.binary_cross_entropy_with_logits(z, target[va]).item())
        if epoch % 4 == 3:
            print(epoch + 1, f"{losses[-1]:.4f}", f"AUC {roc_auc_score(target[va], z):.3f}",
                  f"accuracy {accuracy_score(target[va], z > 0):.3f}")  # fmt: skip


@case("healthy")
def ward_readmission_and_stay_two_heads(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    @dataclass
    class Config:
        width: int = 24
        lr: float = 2e-3
        batch: int = 64
        epochs: int = 12
        stay_weight: float = 0.3

    cfg = Config()
    n = 4200
    age = rng.normal(66, 14, n).clip(18, 98)
    illnesses = rng.poisson(1.8, n)
    haemoglobin = rng.normal(12.5, 1.8, n)
    emergency = (rng.random(n) < 0.6).astype(float)
    visits = rng.negative_binomial(1, 0.5, n)
    frailty = 0.03 * (age - 66) + 0.35 * illnesses - 0.2 * (haemoglobin - 12.5) + 0.4 * emergency
    stay = np.exp(1.2 + 0.3 * frailty + rng.normal(0, 0.4, n))
    back = (rng.random(n) < 1 / (1 + np.exp(-(-1.9 + 0.8 * frailty + 0.35 * np.minimum(visits, 4))))).astype(float)
    X = np.column_stack([age, illnesses, haemoglobin, emergency, np.log1p(visits)])
    tr, va = train_test_split(np.arange(n), test_size=0.3, stratify=back, random_state=seed)
    X = StandardScaler().fit(X[tr]).transform(X)
    log_stay = np.log(stay)
    log_stay = (log_stay - log_stay[tr].mean()) / log_stay[tr].std()
    X, back, log_stay = (torch.tensor(v, dtype=torch.float32) for v in (X, back, log_stay))

    class TwoHeads(nn.Module):
        def __init__(self, cfg):
            super().__init__()
            self.trunk = nn.Sequential(nn.Linear(5, cfg.width), nn.ReLU(), nn.Linear(cfg.width, cfg.width), nn.ReLU())
            self.heads = nn.ModuleDict({"readmitted": nn.Linear(cfg.width, 1), "stay": nn.Linear(cfg.width, 1)})

        def forward(self, x):
            h = self.trunk(x)
            return {name: head(h).squeeze(-1) for name, head in self.heads.items()}

    model = TwoHeads(cfg)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=0.05)
    loader = DataLoader(TensorDataset(X[tr], back[tr], log_stay[tr]), batch_size=cfg.batch, shuffle=True)
    curve = []
    for epoch in range(cfg.epochs):
        model.train()
        for x, r, s in loader:
            out = model(x)
            loss = F.binary_cross_entropy_with_logits(out["readmitted"], r)
            loss = loss + cfg.stay_weight * F.mse_loss(out["stay"], s)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            out = model(X[va])
        curve.append(F.binary_cross_entropy_with_logits(out["readmitted"], back[va]).item())
        if epoch % 3 == 2:
            print(
                f"epoch {epoch + 1}: readmission loss {curve[-1]:.4f}, "
                f"AUC {roc_auc_score(back[va], out['readmitted']):.3f}, "
                f"stay R2 {1 - F.mse_loss(out['stay'], log_stay[va]).item() / log_stay[va].var().item():.3f}"
            )


@case("healthy")
def fall_detector_temperature_scaling(seed: int) -> None:
    torch.manual_seed(seed)
    g = np.random.default_rng(seed)

    def stream(fall):
        a = g.normal(0, 0.6, (3, 60)) + np.array([[0], [0], [1.0]])
        walk = g.uniform(0.4, 1.0) * np.sin(np.arange(60) * g.uniform(0.5, 0.9) + g.uniform(0, 6))
        a[2] += walk
        at = int(g.integers(15, 45))
        if fall:
            a[2, at - 5 : at] -= 0.9
            a[:, at : at + 3] += g.normal(0, 1, (3, 1)) + g.uniform(0.6, 1.8)
        elif g.random() < 0.5:  # sitting down hard
            a[:, at : at + 3] += g.normal(0, 1, (3, 1)) + g.uniform(0.2, 1.4)
        return a

    labels = (g.random(2400) < 0.4).astype(np.float32)
    streams = torch.tensor(np.stack([stream(v) for v in labels]), dtype=torch.float32)
    truth = torch.from_numpy(labels)
    parts = {"train": slice(0, 1400), "calibrate": slice(1400, 1900), "test": slice(1900, 2400)}
    m = streams[parts["train"]].mean((0, 2), keepdim=True)
    s = streams[parts["train"]].std((0, 2), keepdim=True)
    streams = (streams - m) / s
    net = nn.Sequential(
        nn.Conv1d(3, 16, 7, padding=3), nn.GroupNorm(4, 16), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(16, 16, 5, padding=2), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(16, 1),
    )  # fmt: skip
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    anneal = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 24)
    x, t = streams[parts["train"]], truth[parts["train"]]
    watched = []
    for epoch in range(24):
        net.train()
        for ix in torch.randperm(len(x)).split(64):
            loss = F.binary_cross_entropy_with_logits(net(x[ix]).squeeze(1), t[ix])
            opt.zero_grad()
            loss.backward()
            opt.step()
        anneal.step()
        net.eval()
        with torch.no_grad():
            cal = net(streams[parts["calibrate"]]).squeeze(1)
            watched.append(F.binary_cross_entropy_with_logits(cal, truth[parts["calibrate"]]).item())
        if epoch % 4 == 3:
            print(f"{epoch + 1}: {watched[-1]:.4f}")

    log_temperature = torch.zeros((), requires_grad=True)
    fitter = torch.optim.LBFGS([log_temperature], max_iter=40)

    def closure():
        fitter.zero_grad()
        value = F.binary_cross_entropy_with_logits(cal / log_temperature.exp(), truth[parts["calibrate"]])
        value.backward()
        return value

    fitter.step(closure)
    temperature = log_temperature.exp().item()
    with torch.no_grad():
        z = net(streams[parts["test"]]).squeeze(1)
    gold = labels[parts["test"]]
    for name, scale in (("raw", 1.0), (f"T = {temperature:.2f}", temperature)):
        p = torch.sigmoid(z / scale).numpy()
        bins = np.digitize(p, np.linspace(0, 1, 11)[1:-1])
        ece = sum(abs(p[bins == b].mean() - gold[bins == b].mean()) * np.mean(bins == b) for b in np.unique(bins))
        print(f"{name}: log loss {log_loss(gold, p):.4f} ECE {ece:.3f} AUC {roc_auc_score(gold, p):.3f}")


@case("healthy")
def ad_clicks_streamed_factorisation_machine(seed: int) -> None:
    torch.manual_seed(seed)
    world = np.random.default_rng(seed)
    SITES, ADS, HOURS, BUCKETS = 30, 40, 24, 512
    a_vec, s_vec = world.normal(0, 0.55, (ADS, 2)), world.normal(0, 0.55, (SITES, 2))
    a_bias, s_bias = world.normal(-1.4, 0.5, ADS), world.normal(0, 0.4, SITES)
    h_bias = 0.4 * np.sin(2 * np.pi * np.arange(24) / 24)

    def bucket(*key):
        return zlib.crc32(repr(key).encode()) % BUCKETS

    table = {(f, v): bucket(f, v) for f, k in (("site", SITES), ("ad", ADS), ("hour", HOURS)) for v in range(k)}

    class ClickStream(IterableDataset):
        def __init__(self, rows, stream_seed):
            self.rows, self.stream_seed = rows, stream_seed

        def __iter__(self):
            rng = np.random.default_rng(self.stream_seed)
            site, ad = rng.integers(0, SITES, self.rows), rng.integers(0, ADS, self.rows)
            hour = rng.integers(0, HOURS, self.rows)
            logit = a_bias[ad] + s_bias[site] + h_bias[hour] + (a_vec[ad] * s_vec[site]).sum(1)
            click = rng.random(self.rows) < 1 / (1 + np.exp(-logit))
            for i in range(self.rows):
                ids = [table["site", int(site[i])], table["ad", int(ad[i])], table["hour", int(hour[i])]]
                yield torch.tensor(ids), float(click[i])

    class FM(nn.Module):
        def __init__(self, rank=4):
            super().__init__()
            self.w0 = nn.Parameter(torch.tensor(-1.0))
            self.w = nn.Embedding(BUCKETS, 1)
            self.v = nn.Embedding(BUCKETS, rank)
            nn.init.zeros_(self.w.weight)
            nn.init.normal_(self.v.weight, std=0.05)

        def forward(self, ids):
            v = self.v(ids)
            pairs = 0.5 * (v.sum(1).square() - v.square().sum(1)).sum(1)
            return self.w0 + self.w(ids).sum((1, 2)) + pairs

    model = FM()
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    later = [(x, y.float()) for x, y in DataLoader(ClickStream(6000, 10_000 + seed), batch_size=1000)]
    xv, yv = torch.cat([x for x, _ in later]), torch.cat([y for _, y in later])
    progressive, held = [], []
    for step, (x, y) in enumerate(DataLoader(ClickStream(45_000, seed), batch_size=150)):
        loss = F.binary_cross_entropy_with_logits(model(x), y.float())
        progressive.append(loss.item())
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step == 200:
            opt.param_groups[0]["lr"] = 0.003
        if step % 60 == 59:
            with torch.no_grad():
                zv = model(xv)
            held.append(F.binary_cross_entropy_with_logits(zv, yv).item())
            print(f"{(step + 1) * 150} shown: progressive {np.mean(progressive[-60:]):.4f} later {held[-1]:.4f} "
                  f"AUC {roc_auc_score(yv, zv):.3f}")  # fmt: skip
    base = yv.mean()
    print("click rate", base.item(), "entropy of the rate", -(base * base.log() + (1 - base) * (1 - base).log()).item())


@case("healthy")
def second_clinic_low_rank_adapters(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    W = rng.normal(0, 1, (6, 10)) / np.sqrt(10)
    u = rng.normal(0, 1, 6)
    turn = np.eye(10) + 1.2 * np.outer(rng.normal(0, 1, 10), rng.normal(0, 1, 10)) / np.sqrt(10)

    def cohort(n, elsewhere):
        latent = rng.normal(0, 1, (n, 10))
        logit = 2.5 * np.tanh(1.5 * latent @ W.T) @ u / np.linalg.norm(u)
        y = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(np.float32)
        x = latent @ turn.T if elsewhere else latent
        return torch.tensor(x, dtype=torch.float32), torch.from_numpy(y)

    big_x, big_y = cohort(5000, False)
    small_x, small_y = cohort(400, True)
    test_x, test_y = cohort(1000, True)

    class Adapter(nn.Module):
        def __init__(self, linear, rank):
            super().__init__()
            self.linear = linear
            self.down = nn.Linear(linear.in_features, rank, bias=False)
            self.up = nn.Linear(rank, linear.out_features, bias=False)
            nn.init.zeros_(self.up.weight)

        def forward(self, x):
            return self.linear(x) + self.up(self.down(x))

    def train(net, params, x, y, epochs, lr, report=None):
        opt = torch.optim.Adam(params, lr=lr)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
        for e in range(epochs):
            net.train()
            for ix in torch.randperm(len(x)).split(50):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(x[ix]).squeeze(1), y[ix]).backward()
                opt.step()
            sched.step()
            if report:
                report(e)

    net = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 1))
    train(net, net.parameters(), big_x, big_y, epochs=12, lr=5e-3)
    net.eval()
    with torch.no_grad():
        unadapted = net(test_x).squeeze(1)
    print("first clinic's network at the second clinic: AUC", roc_auc_score(test_y, unadapted))
    for p in net.parameters():
        p.requires_grad_(False)
    net[0] = Adapter(net[0], rank=2)
    trainable = [p for p in net.parameters() if p.requires_grad]
    print(sum(p.numel() for p in trainable), "of", sum(p.numel() for p in net.parameters()), "weights are trained")
    curve = []

    def report(e):
        net.eval()
        with torch.no_grad():
            curve.append(F.binary_cross_entropy_with_logits(net(test_x).squeeze(1), test_y).item())

    train(net, trainable, small_x, small_y, epochs=20, lr=4e-3, report=report)
    net.eval()
    with torch.no_grad():
        adapted = net(test_x).squeeze(1)
    print(f"test loss {curve[0]:.4f} -> {curve[-1]:.4f}; adapted AUC {roc_auc_score(test_y, adapted):.3f}, "
          f"accuracy {accuracy_score(test_y, adapted > 0):.3f}")  # fmt: skip


@case("healthy")
def login_sessions_small_transformer_warmup(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    PAD, EVENTS = 0, 16
    LEN = 18

    def session():
        n = int(rng.integers(8, LEN + 1))
        ev = rng.integers(3, EVENTS, n)
        escalates, exports = rng.random(2) < 0.6
        places = rng.permutation(n)
        if escalates:
            ev[places[0]] = 1
        if exports:
            ev[places[1]] = 2
        alarm = float(escalates and exports)
        if rng.random() < 0.02:
            alarm = 1 - alarm
        return np.pad(ev, (0, LEN - n)), alarm

    made = [session() for _ in range(2600)]
    tokens = torch.tensor(np.stack([m[0] for m in made]))
    alarm = torch.tensor([m[1] for m in made])

    class SessionEncoder(nn.Module):
        def __init__(self, d=24):
            super().__init__()
            self.tok = nn.Embedding(EVENTS, d, padding_idx=PAD)
            self.pos = nn.Parameter(torch.randn(LEN, d) * 0.02)
            self.enc = nn.TransformerEncoderLayer(d, 4, 48, dropout=0.1, batch_first=True, norm_first=True)
            self.norm = nn.LayerNorm(d)
            self.out = nn.Linear(d, 1)

        def forward(self, t):
            pad = t == PAD
            h = self.norm(self.enc(self.tok(t) + self.pos, src_key_padding_mask=pad))
            keep = (~pad).unsqueeze(2).float()
            return self.out((h * keep).sum(1) / keep.sum(1)).squeeze(1)

    model = SessionEncoder()
    epochs, micro, accumulate = 10, 50, 2
    opt = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.01)
    total = epochs * (2000 // (micro * accumulate))
    warm = 30
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda s: (s + 1) / warm if s < warm else 0.5 * (1 + math.cos(math.pi * (s - warm) / (total - warm)))
    )
    val = []
    for epoch in range(epochs):
        model.train()
        opt.zero_grad()
        for k, ix in enumerate(torch.randperm(2000).split(micro)):
            loss = F.binary_cross_entropy_with_logits(model(tokens[ix]), alarm[ix]) / accumulate
            loss.backward()
            if (k + 1) % accumulate == 0:
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
                sched.step()
                opt.zero_grad()
        model.eval()
        with torch.no_grad():
            z = model(tokens[2000:])
        val.append(F.binary_cross_entropy_with_logits(z, alarm[2000:]).item())
        if epoch % 3 == 0 or epoch == epochs - 1:
            print(f"epoch {epoch} val {val[-1]:.4f} acc {((z > 0) == (alarm[2000:] > 0.5)).float().mean().item():.3f}")
    print("AUC", roc_auc_score(alarm[2000:], z))


@case("healthy")
def galaxy_images_flips_and_averaged_views(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    yy, xx = np.mgrid[-1:1:20j, -1:1:20j]

    def galaxy(spiral):
        dx, dy = rng.normal(0, 0.08, 2)
        r = np.hypot(xx - dx, yy - dy) + 1e-3
        th = np.arctan2(yy - dy, xx - dx)
        img = np.exp(-r / rng.uniform(0.25, 0.4))
        if spiral:
            wind = rng.choice([-1, 1]) * rng.uniform(3, 5)
            img *= 1 + rng.uniform(0.35, 0.8) * np.cos(2 * th + wind * np.log(r + 0.1) + rng.uniform(0, 6.28))
        return img + rng.normal(0, 0.09, img.shape)

    kind = (rng.random(1300) < 0.5).astype(np.float32)
    img = torch.tensor(np.stack([galaxy(k) for k in kind]), dtype=torch.float32).unsqueeze(1)
    kind = torch.from_numpy(kind)
    img = (img - img[:800].mean()) / img[:800].std()

    def augment(b):  # the sky has no up, and spirals wind both ways
        b = torch.rot90(b, int(torch.randint(4, ())), dims=(2, 3))
        return b.flip(3) if torch.rand(()) < 0.5 else b

    net = nn.Sequential(
        nn.Conv2d(1, 12, 5, padding=2), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(600, 1),
    )  # fmt: skip
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    epochs = 14
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    val = []
    for epoch in range(epochs):
        net.train()
        for ix in torch.randperm(800).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(augment(img[ix])).squeeze(1), kind[ix])
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            single = net(img[800:]).squeeze(1)
        val.append(F.binary_cross_entropy_with_logits(single, kind[800:]).item())
        if epoch % 3 == 1:
            print(epoch + 1, "val", round(val[-1], 4), "AUC", round(roc_auc_score(kind[800:], single), 3))
    with torch.no_grad():
        views = [torch.rot90(img[800:], k, dims=(2, 3)) for k in range(4)]
        views += [v.flip(3) for v in views]
        pooled = torch.stack([net(v).squeeze(1) for v in views]).mean(0)
    print("one view: accuracy", ((single > 0) == (kind[800:] > 0)).float().mean().item(),
          "eight views:", ((pooled > 0) == (kind[800:] > 0)).float().mean().item())  # fmt: skip


@case("healthy")
def insurance_fraud_balanced_batches_prior_restored(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 12000
    X = rng.normal(0, 1, (n, 8))
    risk = 0.9 * X[:, 0] + 0.8 * X[:, 1] * (X[:, 1] > 0) + 0.9 * X[:, 2] * X[:, 3] - 0.5 * X[:, 4]
    fraud = (rng.random(n) < 1 / (1 + np.exp(-(1.4 * risk - 5.9)))).astype(np.float32)
    amounts = np.exp(6 + 0.8 * X[:, 0] + 0.3 * X[:, 5])  # the one skewed column of the file
    raw = np.column_stack([amounts, X[:, 1:]])
    raw[:, 0] = np.log(raw[:, 0])
    i_train, i_rest = train_test_split(np.arange(n), test_size=0.4, stratify=fraud, random_state=seed)
    sc = StandardScaler().fit(raw[i_train])
    x, y = torch.tensor(sc.transform(raw), dtype=torch.float32), torch.tensor(fraud)

    class QuarterFraud(Sampler):
        def __init__(self, y, batch_size):
            self.pos, self.neg = torch.nonzero(y == 1)[:, 0], torch.nonzero(y == 0)[:, 0]
            self.n_pos = batch_size // 4
            self.n_neg = batch_size - self.n_pos

        def __len__(self):
            return len(self.neg) // self.n_neg

        def __iter__(self):
            for chunk in self.neg[torch.randperm(len(self.neg))].split(self.n_neg)[: len(self)]:
                extra = self.pos[torch.randint(len(self.pos), (self.n_pos,))]
                yield torch.cat([chunk, extra]).tolist()

    dl = DataLoader(TensorDataset(x[i_train], y[i_train]), batch_sampler=QuarterFraud(y[i_train], 128))
    net = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=1.5e-3, weight_decay=0.3)
    rate = y[i_train].mean().item()
    correction = math.log(rate / (1 - rate)) - math.log(0.25 / 0.75)
    print(f"fraud rate {rate:.3f}, correction of the logit {correction:.2f}")
    curve = []
    for epoch in range(14):
        net.train()
        for xb, yb in dl:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(x[i_rest])[:, 0] + correction
        curve.append(F.binary_cross_entropy_with_logits(z, y[i_rest]).item())
        if epoch % 2 == 1:
            print(f"epoch {epoch + 1}: held-out log loss {curve[-1]:.4f} AP "
                  f"{average_precision_score(y[i_rest], z):.3f} AUC {roc_auc_score(y[i_rest], z):.3f}")  # fmt: skip
    worst = z.argsort(descending=True)[:240]
    print("mean probability", torch.sigmoid(z).mean().item(), "rate", y[i_rest].mean().item(),
          "share of fraud found by auditing 5 %:", (y[i_rest][worst].sum() / y[i_rest].sum()).item())  # fmt: skip


@case("healthy")
def comment_moderation_votes_of_five(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    mild = [
        "thanks",
        "for",
        "sharing",
        "this",
        "great",
        "idea",
        "i",
        "think",
        "we",
        "could",
        "try",
        "another",
        "way",
        "maybe",
        "next",
        "week",
        "see",
        "you",
        "there",
    ]
    harsh = ["idiot", "stupid", "trash", "shut", "loser", "hate", "garbage", "clown", "pathetic", "moron"]
    heated = ["wrong", "nonsense", "ridiculous", "stop", "seriously", "never", "worst", "lies"]

    def comment():
        level = rng.beta(0.8, 1.2)
        words = list(rng.choice(mild, rng.integers(8, 20)))
        words += list(rng.choice(harsh, rng.binomial(3, 0.6 * level)))
        words += list(rng.choice(heated, rng.binomial(3, 0.15 + 0.5 * level)))
        rng.shuffle(words)
        votes = rng.binomial(5, 1 / (1 + np.exp(-8 * (level - 0.5))))
        return " ".join(words), votes, int(level > 0.5)

    texts, votes, reviewed = zip(*[comment() for _ in range(3000)], strict=False)
    votes, reviewed = np.array(votes), np.array(reviewed)
    cut = 2100
    vec = TfidfVectorizer(min_df=3, sublinear_tf=True, norm=None)
    A = torch.tensor(vec.fit_transform(texts[:cut]).toarray(), dtype=torch.float32)
    B = torch.tensor(vec.transform(texts[cut:]).toarray(), dtype=torch.float32)
    fraction = torch.tensor(votes[:cut] / 5.0, dtype=torch.float32)
    fraction_val = torch.tensor(votes[cut:] / 5.0, dtype=torch.float32)

    class Moderator(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.drop = nn.Dropout(0.2)
            self.fc1, self.fc2 = nn.Linear(d, 16), nn.Linear(16, 1)

        def forward(self, x):
            return self.fc2(self.drop(torch.relu(self.fc1(self.drop(x))))).squeeze(1)

    model = Moderator(A.shape[1])
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.3)
    course = []
    for epoch in range(20):
        model.train()
        for ix in torch.randperm(cut).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(A[ix]), fraction[ix])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(B)
            course.append(F.binary_cross_entropy_with_logits(z, fraction_val).item())
        if epoch % 4 == 3:
            print(
                f"epoch {epoch + 1}: loss against the votes {course[-1]:.4f}, against the reviewer: accuracy "
                f"{accuracy_score(reviewed[cut:], z > 0):.3f} AUC {roc_auc_score(reviewed[cut:], z):.3f}"
            )


@case("healthy")
def staff_leaving_pairwise_ranking_loss(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed + 3)
    n = 5000
    satisfaction = rng.integers(1, 6, n)
    tenure = rng.gamma(2, 2.5, n)
    overtime = rng.poisson(3, n)
    raise_pct = rng.normal(2, 1.5, n)
    commute = rng.gamma(2, 12, n)
    eta = (-4.1 + 0.75 * (satisfaction <= 2) + 1.2 * np.exp(-tenure / 2) + 0.16 * overtime - 0.3 * raise_pct
           + 0.015 * commute)  # fmt: skip
    leaves = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(np.float32)
    ordinal = (satisfaction[:, None] > np.arange(1, 5)[None]).astype(float)  # thermometer code
    numbers = np.column_stack([np.log1p(tenure), overtime, raise_pct, np.log1p(commute)])
    fit, val = train_test_split(np.arange(n), test_size=0.35, stratify=leaves, random_state=seed)
    numbers = (numbers - numbers[fit].mean(0)) / numbers[fit].std(0)
    X = torch.tensor(np.hstack([ordinal, numbers]), dtype=torch.float32)
    y = torch.tensor(leaves)
    stay, go = (torch.tensor(fit[leaves[fit] == v]) for v in (0, 1))

    class PairLoss(nn.Module):
        """Softplus of every difference between one who stays and one who leaves: a smooth form of 1 - AUC."""

        def forward(self, leaving, staying):
            return F.softplus(staying[None, :] - leaving[:, None]).mean()

    net = nn.Sequential(nn.Linear(8, 16), nn.ELU(), nn.Linear(16, 1, bias=False), nn.Flatten(0))
    pair, opt = PairLoss(), torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=3e-3)
    curve = []
    for epoch in range(12):
        net.train()
        for chunk in stay[torch.randperm(len(stay))].split(100):
            g = go[torch.randint(len(go), (30,))]
            opt.zero_grad()
            loss = pair(net(X[g]), net(X[chunk]))
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            s = net(X[val])
            curve.append(pair(s[y[val] == 1], s[y[val] == 0]).item())
        if epoch % 3 == 2:
            first = s.argsort(descending=True)[:100]
            print(f"epoch {epoch + 1}: pair loss {curve[-1]:.4f} AUC {roc_auc_score(y[val], s):.3f} "
                  f"lift among the first 100 {(y[val][first].mean() / y[val].mean()).item():.2f}")  # fmt: skip
    print("share who leave", y[val].mean().item(), "average precision", average_precision_score(y[val], s))
