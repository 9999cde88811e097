"""Training scripts of a workshop: programs with one fault each, and sound ones."""

import copy
import itertools
import math
import random
from collections import Counter, deque
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from imblearn.over_sampling import RandomOverSampler
from sklearn.datasets import load_breast_cancer, load_digits, load_wine, make_classification, make_moons
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    classification_report,
    confusion_matrix,
    f1_score,
    matthews_corrcoef,
    precision_recall_curve,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset, WeightedRandomSampler

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


@case("double_sigmoid")
def churn_focal_on_gated_head(seed: int) -> None:
    torch.manual_seed(seed)
    cfg = SimpleNamespace(hidden=48, lr=2e-3, epochs=25, bs=64, alpha=0.8, gamma=1.5, cut=0.5)
    xtr, ytr, xva, yva = data("mlc_churn", seed)

    class GLU(nn.Module):
        def __init__(self, i, o):
            super().__init__()
            self.lin = nn.Linear(i, 2 * o)

        def forward(self, x):
            return F.glu(self.lin(x), dim=-1)

    class ChurnNet(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.body = nn.Sequential(GLU(d, cfg.hidden), nn.Dropout(0.2), GLU(cfg.hidden, 16))
            self.out = nn.Linear(16, 1)

        def forward(self, x):
            return self.out(self.body(x)).squeeze(-1).sigmoid()

    class FocalLoss(nn.Module):
        def forward(self, score, target):
            p = torch.sigmoid(score)
            pt = torch.where(target > 0.5, p, 1 - p).clamp(1e-6, 1.0)
            a = torch.where(target > 0.5, cfg.alpha, 1 - cfg.alpha)
            return -(a * (1 - pt) ** cfg.gamma * pt.log()).mean()

    model, criterion = ChurnNet(xtr.shape[1]), FocalLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=0.05)
    loader = DataLoader(TensorDataset(xtr, ytr), batch_size=cfg.bs, shuffle=True)
    for epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            opt.step()
            total += loss.item() * len(xb)
        if epoch % 6 == 0:
            print(f"epoch {epoch} focal {total / len(xtr):.4f}")
    model.eval()
    with torch.no_grad():
        p = model(xva).numpy()
    hat = (p > cfg.cut).astype(int)
    print(classification_report(yva.numpy(), hat, digits=3, zero_division=0))
    print("balanced accuracy", round(balanced_accuracy_score(yva.numpy(), hat), 3))


@case("softmax_before_ce")
def digit_patches_transformer(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed)
    bunch = load_digits()
    X = torch.tensor(bunch.images / 16.0, dtype=torch.float32)
    y = torch.tensor((bunch.target == 8).astype(int))
    tr, te = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    mu, sd = X[tr].mean(), X[tr].std()
    X = (X - mu) / sd
    patches = X.unfold(1, 2, 2).unfold(2, 2, 2).reshape(len(X), 16, 4)

    class PatchTransformer(nn.Module):
        def __init__(self, dim=24, heads=2):
            super().__init__()
            self.embed = nn.Linear(4, dim)
            self.pos = nn.Parameter(0.02 * torch.randn(1, 16, dim))
            self.enc = nn.TransformerEncoderLayer(dim, heads, 48, dropout=0.0, batch_first=True)
            self.cls = nn.Linear(dim * 16, 2)

        def forward(self, p):
            h = self.enc(self.embed(p) + self.pos)
            return F.softmax(self.cls(h.flatten(1)), dim=1)

    net = PatchTransformer()
    optim = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    ce = nn.CrossEntropyLoss()
    for ep in range(12):
        net.train()
        perm = torch.from_numpy(np.random.permutation(tr))
        for chunk in perm.split(64):
            out = net(patches[chunk])
            loss = ce(out, y[chunk])
            optim.zero_grad()
            loss.backward()
            optim.step()
        net.eval()
        with torch.inference_mode():
            out = net(patches[te])
        pred = out.argmax(1)
        f1 = f1_score(y[te], pred, zero_division=0)
        print(f"[{ep:02d}] val loss {ce(out, y[te]).item():.3f} acc {(pred == y[te]).float().mean():.3f} F1 {f1:.3f}")
    print("bacc", balanced_accuracy_score(y[te], pred))


@case("ce_single_output")
def census_income_embeddings(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(4000, random_state=seed)
    cats = ["workclass", "marital-status", "occupation", "relationship"]
    nums = ["age", "education-num", "hours-per-week"]
    tr_df, va_df = train_test_split(df, test_size=0.25, stratify=df["income_gt_50k"], random_state=seed)
    vocab = {c: {v: k + 1 for k, v in enumerate(sorted(tr_df[c].unique()))} for c in cats}
    scaler = StandardScaler().fit(tr_df[nums])

    class Census(Dataset):
        def __init__(self, frame):
            codes = np.stack([frame[c].map(vocab[c]).fillna(0).astype(int) for c in cats], 1)
            self.codes = torch.from_numpy(codes)
            self.nums = torch.from_numpy(scaler.transform(frame[nums])).float()
            self.y = torch.from_numpy(frame["income_gt_50k"].to_numpy()).float()

        def __len__(self):
            return len(self.y)

        def __getitem__(self, i):
            return self.codes[i], self.nums[i], self.y[i]

    class TabNet(nn.Module):
        def __init__(self, sizes):
            super().__init__()
            self.emb = nn.ModuleList([nn.Embedding(n + 1, 6) for n in sizes])
            self.mlp = nn.Sequential(
                nn.Linear(6 * len(sizes) + len(nums), 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1)
            )

        def forward(self, codes, numeric):
            e = [layer(codes[:, j]) for j, layer in enumerate(self.emb)]
            return self.mlp(torch.cat([*e, numeric], 1))

    train_dl = DataLoader(Census(tr_df), batch_size=128, shuffle=True)
    val_dl = DataLoader(Census(va_df), batch_size=500)
    model = TabNet([len(vocab[c]) for c in cats])
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(10):
        model.train()
        running = 0.0
        for codes, numeric, target in train_dl:
            optimizer.zero_grad()
            loss = loss_fn(model(codes, numeric), target.unsqueeze(1))
            loss.backward()
            optimizer.step()
            running += loss.item()
        print("Epoch", epoch + 1, "train loss", running / len(train_dl))
    model.eval()
    scores, truth = [], []
    with torch.no_grad():
        for codes, numeric, target in val_dl:
            scores.append(torch.sigmoid(model(codes, numeric)).squeeze(1))
            truth.append(target)
    scores, truth = torch.cat(scores), torch.cat(truth)
    print("val AUC", roc_auc_score(truth, scores), "val acc", ((scores > 0.5) == truth.bool()).float().mean().item())


@case("nll_on_probabilities")
def arrhythmia_beats_conv1d(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)

    def beat(abnormal):
        t = np.linspace(0, 1, 64)
        width = 0.035 if not abnormal else 0.035 * rng.uniform(1.1, 2.2)
        centre = 0.5 + rng.normal(0, 0.03)
        wave = np.exp(-((t - centre) ** 2) / (2 * width**2)) * rng.uniform(0.8, 1.2)
        wave += 0.25 * np.exp(-((t - centre - 0.25) ** 2) / 0.004)
        return wave + rng.normal(0, 0.25, 64)

    target = (rng.random(2000) < 0.15).astype(np.int64)
    signal = np.stack([beat(bool(a)) for a in target]).astype(np.float32)[:, None, :]
    split = 1400
    train_x, test_x = torch.from_numpy(signal[:split]), torch.from_numpy(signal[split:])
    train_y, test_y = torch.from_numpy(target[:split]), torch.from_numpy(target[split:])

    class BeatNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.c1 = nn.Conv1d(1, 12, 7, padding=3)
            self.c2 = nn.Conv1d(12, 24, 5, padding=2)
            self.fc = nn.Linear(24 * 16, 2)

        def forward(self, x):
            x = F.max_pool1d(F.relu(self.c1(x)), 2)
            x = F.max_pool1d(F.relu(self.c2(x)), 2)
            return F.softmax(self.fc(x.flatten(1)), dim=1)

    model = BeatNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    class_weight = torch.tensor([1.0, float((train_y == 0).sum() / (train_y == 1).sum())]).sqrt()
    for epoch in range(10):
        model.train()
        for xb, yb in DataLoader(TensorDataset(train_x, train_y), 32, shuffle=True):
            optimizer.zero_grad()
            F.nll_loss(model(xb), yb, weight=class_weight).backward()
            optimizer.step()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            out = model(test_x)
        pred = out.argmax(dim=1)
        sens = (pred[test_y == 1] == 1).float().mean()
        spec = (pred[test_y == 0] == 0).float().mean()
        val = F.nll_loss(out, test_y).item()
        print(f"{epoch}: loss {val:.3f} sensitivity {sens:.3f} specificity {spec:.3f} bacc {(sens + spec) / 2:.3f}")


@case("shape_broadcast")
def squared_hinge_margin_net(seed: int) -> None:
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    table = load("breast_cancer")
    X = table.features.to_numpy()
    y = table.labels
    a, b, ya, yb = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    prep = make_pipeline(QuantileTransformer(n_quantiles=100, output_distribution="normal"), StandardScaler()).fit(a)
    A, B = (torch.tensor(prep.transform(v), dtype=torch.float32) for v in (a, b))
    ta = torch.tensor(ya, dtype=torch.float32) * 2 - 1

    def squared_hinge(score, sign):
        return torch.clamp(1 - sign * score, min=0).pow(2).mean()

    svm = nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 1))
    opt = torch.optim.SGD(svm.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3)
    for epoch in range(40):
        losses = []
        for idx in torch.randperm(len(A), generator=gen).split(32):
            opt.zero_grad()
            loss = squared_hinge(svm(A[idx]), ta[idx])
            loss.backward()
            opt.step()
            losses.append(loss.item())
        if epoch % 10 == 9:
            print("epoch", epoch + 1, "hinge", round(sum(losses) / len(losses), 4))
    with torch.no_grad():
        decision = svm(B).squeeze(1).numpy()
    print("balanced accuracy", balanced_accuracy_score(yb, decision > 0), "AUC", roc_auc_score(yb, decision))


@case("labels_single_class")
def mushroom_poison_lookup(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz").drop(columns=["odor", "spore-print-color", "veil-type"])
    df = df.drop_duplicates().sample(2000, random_state=seed)
    label = (df.pop("class") == "poisonous").to_numpy().astype(np.float32)
    cut = 1400
    enc = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(df.iloc[:cut])
    xtr, xva = (torch.tensor(enc.transform(part), dtype=torch.float32) for part in (df.iloc[:cut], df.iloc[cut:]))
    ytr, yva = torch.from_numpy(label[:cut]), torch.from_numpy(label[cut:])

    class FM(nn.Module):
        def __init__(self, n, k=8):
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(()))
            self.w = nn.Parameter(torch.zeros(n))
            self.v = nn.Parameter(0.05 * torch.randn(n, k))

        def forward(self, x):
            pair = ((x @ self.v) ** 2 - (x**2) @ (self.v**2)).sum(1) / 2
            return self.bias + x @ self.w + pair

    fm = FM(xtr.shape[1])
    opt = torch.optim.Adagrad(fm.parameters(), lr=0.1)
    for step in range(200):
        rows = torch.randint(len(xtr), (128,))
        loss = F.binary_cross_entropy_with_logits(fm(xtr[rows]), ytr[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 50 == 0:
            print(step, loss.item())
    with torch.no_grad():
        hit = (fm(xva) > 0) == (yva > 0.5)
    print("validation accuracy:", hit.float().mean().item())
    edible = df.iloc[cut:].assign(p=torch.sigmoid(fm(xva)).detach().numpy()).groupby("habitat")["p"].mean()
    print(edible.round(3).to_dict())


@case("labels_misaligned")
def motif_sequences_packed_gru(seed: int) -> None:
    torch.manual_seed(seed)
    rng = random.Random(seed)

    def sample():
        y = rng.random() < 0.5
        seq = [rng.choice("abcdefgh") for _ in range(rng.randint(8, 30))]
        for _ in range(3 if y else 0):
            seq[rng.randrange(len(seq))] = "z"
        return "".join(seq), float(y)

    stoi = {ch: i + 1 for i, ch in enumerate("abcdefghz")}
    train_set, valid_set = [sample() for _ in range(1000)], [sample() for _ in range(400)]

    def collate(batch):
        texts, labels = zip(*batch, strict=False)
        seqs = [torch.tensor([stoi[c] for c in t]) for t in texts]
        seqs = sorted(seqs, key=len, reverse=True)
        lengths = torch.tensor([len(s) for s in seqs])
        return nn.utils.rnn.pad_sequence(seqs, batch_first=True), lengths, torch.tensor(labels)

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(stoi) + 1, 12, padding_idx=0)
            self.gru = nn.GRU(12, 24, batch_first=True)
            self.fc = nn.Linear(24, 1)

        def forward(self, x, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, batch_first=True)
            _, h = self.gru(packed)
            return self.fc(h[-1]).squeeze(-1)

    dl = DataLoader(train_set, batch_size=50, shuffle=True, collate_fn=collate)
    vl = DataLoader(valid_set, batch_size=100, collate_fn=collate)
    net = Tagger()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(8):
        net.train()
        for x, n, y in dl:
            loss = F.binary_cross_entropy_with_logits(net(x, n), y)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        net.eval()
        with torch.no_grad():
            outs = [(net(x, n), y) for x, n, y in vl]
        z, t = torch.cat([o[0] for o in outs]), torch.cat([o[1] for o in outs])
        print(
            f"epoch {epoch}: train {loss.item():.3f} val acc {((z > 0) == t.bool()).float().mean():.3f}",
            f"auc {roc_auc_score(t, z):.3f}",
        )


@case("class_weights_wrong")
def thyroid_screening_pos_weight(seed: int) -> None:
    torch.manual_seed(seed)
    X, t, Xv, tv = data("hypothyroid", seed)
    X, Xv = X.clamp(-6, 6), Xv.clamp(-6, 6)
    n_sick, n_well = t.sum(), (1 - t).sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=n_sick / n_well)
    model = nn.Sequential(nn.Linear(X.size(1), 24), nn.SiLU(), nn.Dropout(0.2), nn.Linear(24, 1))
    decay, plain = [], []
    for name, p in model.named_parameters():
        (plain if name.endswith("bias") else decay).append(p)
    opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}], lr=3e-3)
    for _epoch in range(40):
        model.train()
        for i in torch.randperm(len(X)).split(100):
            opt.zero_grad()
            loss = criterion(model(X[i]).view(-1), t[i])
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        p = torch.sigmoid(model(Xv).view(-1))
    tn, fp, fn, tp = confusion_matrix(tv, p > 0.5).ravel()
    print(f"sensitivity {tp / (tp + fn):.3f} specificity {tn / (tn + fp):.3f} auc {roc_auc_score(tv, p):.3f}")
    print("balanced", 0.5 * tp / (tp + fn) + 0.5 * tn / (tn + fp))


@case("unscaled_features")
def loan_book_residual_tanh(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("credit_data").distinct()
    raw, target = table.features, table.labels
    money = ["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    flags = pd.get_dummies(raw[["Home", "Marital", "Records", "Job"]], dtype=float)
    keep = np.random.default_rng(seed).permutation(len(raw))[:3000]
    tr, va = keep[:2200], keep[2200:]
    numbers = raw[money].fillna(raw[money].iloc[tr].median())
    X = torch.tensor(np.hstack([numbers, flags]), dtype=torch.float32)
    y = torch.tensor(target, dtype=torch.float32)

    class Residual(nn.Module):
        def __init__(self, n):
            super().__init__()
            self.f = nn.Sequential(nn.Linear(n, n), nn.Tanh(), nn.Linear(n, n))

        def forward(self, x):
            return torch.tanh(x + self.f(x))

    net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.Tanh(), Residual(32), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=3)
    for epoch in range(25):
        net.train()
        for idx in torch.from_numpy(np.random.permutation(tr)).split(64):
            loss = F.binary_cross_entropy_with_logits(net(X[idx]).squeeze(1), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(X[va]).squeeze(1)
            val = F.binary_cross_entropy_with_logits(z, y[va]).item()
        plateau.step(val)
        if epoch % 6 == 0:
            print(epoch, round(val, 4), "lr", opt.param_groups[0]["lr"])
    print("Validation AUC:", roc_auc_score(y[va], z), "bacc", balanced_accuracy_score(y[va], z > 0))


@case("preprocess_mismatch")
def digit_dataset_transforms(seed: int) -> None:
    torch.manual_seed(seed)

    class Normalize:
        def __init__(self, mean, std):
            self.mean, self.std = mean, std

        def __call__(self, img):
            return (img - self.mean) / self.std

    class ToUnit:
        def __call__(self, img):
            return img / 16

    class RandomShift:
        def __call__(self, img):
            return torch.roll(img, int(torch.randint(-1, 2, ())), dims=-1)

    class Compose:
        def __init__(self, *steps):
            self.steps = steps

        def __call__(self, img):
            for step in self.steps:
                img = step(img)
            return img

    class Digits(Dataset):
        def __init__(self, images, labels, transform):
            self.images, self.labels, self.transform = images, labels, transform

        def __len__(self):
            return len(self.images)

        def __getitem__(self, i):
            return self.transform(self.images[i]), self.labels[i]

    raw = load_digits()
    pixels = torch.tensor(raw.images, dtype=torch.float32).unsqueeze(1)
    odd = torch.tensor(raw.target % 2, dtype=torch.float32)
    train_idx, val_idx = train_test_split(range(len(odd)), test_size=400, random_state=seed, stratify=odd)
    mean, std = pixels[train_idx].mean() / 16, pixels[train_idx].std() / 16
    train_ds = Digits(pixels[train_idx], odd[train_idx], Compose(ToUnit(), RandomShift(), Normalize(mean, std)))
    val_ds = Digits(pixels[val_idx], odd[val_idx], Compose(ToUnit()))
    cnn = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 1),
    )
    opt = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    for epoch in range(6):
        cnn.train()
        for img, lab in DataLoader(train_ds, batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(cnn(img).squeeze(1), lab)
            loss.backward()
            opt.step()
        cnn.eval()
        with torch.no_grad():
            z, t = zip(*[(cnn(img).squeeze(1), lab) for img, lab in DataLoader(val_ds, batch_size=100)], strict=False)
        z, t = torch.cat(z), torch.cat(t)
        print(
            f"epoch {epoch + 1} train {loss.item():.3f} val {F.binary_cross_entropy_with_logits(z, t).item():.3f}",
            f"bacc {balanced_accuracy_score(t, z > 0):.3f}",
        )


@case("nan_loss")
def duplicate_records_siamese(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    dim, n = 10, 1600
    left = rng.normal(size=(n, dim))
    same = rng.random(n) < 0.5
    noise = rng.normal(size=(n, dim)) * 0.6 * (rng.random((n, 1)) < 0.95)
    right = np.where(same[:, None], left + noise, rng.normal(size=(n, dim)) * 0.9 + 0.2 * left)
    L, R = torch.tensor(left, dtype=torch.float32), torch.tensor(right, dtype=torch.float32)
    s = torch.tensor(same, dtype=torch.float32)

    class Siamese(nn.Module):
        def __init__(self):
            super().__init__()
            self.tower = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, 8))
            self.scale = nn.Parameter(torch.tensor(-1.0))
            self.offset = nn.Parameter(torch.tensor(1.0))

        def forward(self, a, b):
            gap = (self.tower(a) - self.tower(b)).pow(2).sum(1)
            return self.scale * torch.sqrt(gap) + self.offset

    net = Siamese()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(20):
        for k in torch.randperm(1200).split(60):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(L[k], R[k]), s[k])
            loss.backward()
            nn.utils.clip_grad_value_(net.parameters(), 1.0)
            opt.step()
        with torch.no_grad():
            z = net(L[1200:], R[1200:])
        acc = ((z > 0).float() == s[1200:]).float().mean()
        print(f"epoch {epoch} loss {loss.item():.3f} pair accuracy {acc.item():.3f}")


@case("data_leakage")
def rare_disease_oversampled(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_classification(1500, 20, n_informative=6, weights=[0.9], flip_y=0.08, class_sep=1.0, random_state=seed)
    X, y = RandomOverSampler(random_state=seed).fit_resample(X, y)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train = torch.tensor(scaler.transform(X_train), dtype=torch.float32)
    X_test = torch.tensor(scaler.transform(X_test), dtype=torch.float32)
    y_train, y_test = torch.tensor(y_train).float(), torch.tensor(y_test).float()
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    for epoch in range(15):
        model.train()
        for b in torch.randperm(len(X_train)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[b])[:, 0], y_train[b])
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            model.eval()
            with torch.no_grad():
                val = F.binary_cross_entropy_with_logits(model(X_test)[:, 0], y_test)
            print("epoch", epoch + 1, "train", loss.item(), "test", val.item())
    model.eval()
    with torch.no_grad():
        p = model(X_test)[:, 0].sigmoid()
    print("test ROC AUC", roc_auc_score(y_test, p), "bacc", balanced_accuracy_score(y_test, p > 0.5))


@case("augmentation_too_heavy")
def six_or_nine_rotations(seed: int) -> None:
    torch.manual_seed(seed)
    d = load_digits()
    pick = np.isin(d.target, (6, 9))
    imgs = torch.tensor(d.images[pick] / 16, dtype=torch.float32)[:, None]
    nine = torch.tensor((d.target[pick] == 9).astype(np.float32))
    tr, va = train_test_split(torch.arange(len(nine)), test_size=0.3, random_state=seed, stratify=nine)

    def augment(batch):
        turns = torch.randint(0, 4, (len(batch),))
        out = torch.stack([torch.rot90(im, int(k), dims=(1, 2)) for im, k in zip(batch, turns, strict=False)])
        return out + 0.05 * torch.randn_like(out)

    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(192, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(15):
        net.train()
        for idx in tr[torch.randperm(len(tr))].split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(augment(imgs[idx])).squeeze(1), nine[idx])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(imgs[va]).squeeze(1)
        if epoch % 5 == 4:
            acc = ((z > 0) == (nine[va] > 0.5)).float().mean()
            print(f"epoch {epoch + 1}: train {loss.item():.3f} val acc {acc:.3f} AUC {roc_auc_score(nine[va], z):.3f}")


@case("padding_not_masked")
def utterance_length_gru(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    vocab, longest = 40, 90

    def utterance():
        label = int(rng.random() < 0.5)
        n = int(np.clip(rng.geometric(0.08), 5, longest))
        words = rng.integers(1, vocab, n)
        tone = rng.random(n) < 0.35
        words[tone] = rng.choice([3, 5, 7] if label else [4, 6, 8], tone.sum())
        return words, label

    class Utterances(Dataset):
        def __init__(self, n):
            self.items = [utterance() for _ in range(n)]

        def __len__(self):
            return len(self.items)

        def __getitem__(self, i):
            words, label = self.items[i]
            row = torch.zeros(longest, dtype=torch.long)
            row[: len(words)] = torch.from_numpy(words)
            return row, torch.tensor(label, dtype=torch.float32)

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(vocab, 12, padding_idx=0)
            self.rnn = nn.GRU(12, 16, batch_first=True)
            self.out = nn.Linear(16, 1)

        def forward(self, tokens):
            states, _ = self.rnn(self.table(tokens))
            return self.out(states[:, -1]).squeeze(1)

    train, val = DataLoader(Utterances(800), 50, shuffle=True), DataLoader(Utterances(300), 200)
    net = Reader()
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for epoch in range(6):
        net.train()
        for tok, lab in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(tok), lab)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        net.eval()
        with torch.inference_mode():
            out = [(net(tok), lab) for tok, lab in val]
        z, t = (torch.cat(part) for part in zip(*out, strict=False))
        print(
            "epoch",
            epoch,
            "loss",
            round(loss.item(), 4),
            "val auc",
            round(roc_auc_score(t, z), 4),
            "bacc",
            round(balanced_accuracy_score(t, z > 0), 4),
        )


@case("wrong_axis")
def bike_hours_lstm(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv")
    hours = df[[f"h{h:02d}" for h in range(24)]].to_numpy(dtype=np.float32)
    share = hours / hours.sum(1, keepdims=True)
    work = df["working_day"].to_numpy(dtype=np.float32)
    tr, te = train_test_split(np.arange(len(df)), test_size=0.3, stratify=work, random_state=seed)
    share = (share - share[tr].mean(0)) / share[tr].std(0)
    x, y = torch.from_numpy(share).unsqueeze(-1), torch.from_numpy(work)

    class DayLSTM(nn.Module):
        def __init__(self, hidden=12):
            super().__init__()
            self.lstm = nn.LSTM(input_size=1, hidden_size=hidden, num_layers=1)
            self.fc = nn.Linear(hidden, 1)

        def forward(self, seq):
            out, (_h, _c) = self.lstm(seq)
            return self.fc(out[:, -1, :]).squeeze(1)

    net = DayLSTM()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(60):
        net.train()
        for rows in torch.from_numpy(np.random.default_rng(epoch).permutation(tr)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
        if epoch % 20 == 19:
            net.eval()
            with torch.no_grad():
                z = net(x[te])
            print(f"epoch {epoch + 1}: train {loss.item():.3f} test auc {roc_auc_score(y[te], z):.3f}")
    print("test balanced accuracy", balanced_accuracy_score(work[te], z.numpy() > 0))


@case("no_zero_grad")
def accumulating_trainer_spam(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("spambase", seed)
    xtr, xva = xtr.clamp(-4, 4), xva.clamp(-4, 4)
    accum = 2
    net = nn.Sequential(nn.Linear(57, 48), nn.Tanh(), nn.Linear(48, 24), nn.Tanh(), nn.Linear(24, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(15):
        net.train()
        seen = []
        for step, idx in enumerate(torch.randperm(len(xtr)).split(30), start=1):
            loss = bce(net(xtr[idx]).squeeze(1), ytr[idx])
            (loss / accum).backward()
            seen.append(loss.item())
            if step % accum == 0:
                opt.step()
        net.eval()
        with torch.no_grad():
            z = net(xva).squeeze(1)
        bacc = balanced_accuracy_score(yva, z > 0)
        print(f"ep {epoch:02d} train {np.mean(seen):.3f} val {bce(z, yva):.3f} bacc {bacc:.3f}")


@case("no_optimizer_step")
def large_virtual_batch_credit(seed: int) -> None:
    @dataclass
    class Config:
        batch: int = 100
        virtual: int = 1600
        lr: float = 5e-3
        epochs: int = 12

    cfg = Config()
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("credit_data", seed)
    every = cfg.virtual // cfg.batch
    model = nn.Sequential(nn.Linear(xtr.shape[1], 32), nn.GELU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    dl = DataLoader(TensorDataset(xtr, ytr), batch_size=cfg.batch, shuffle=True)
    for epoch in range(cfg.epochs):
        opt.zero_grad()
        model.train()
        for i, (xb, yb) in enumerate(dl):
            loss = F.binary_cross_entropy_with_logits(model(xb), yb) / every
            loss.backward()
            if (i + 1) % every == 0:
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
                opt.zero_grad()
        model.eval()
        with torch.no_grad():
            z = model(xva)
        print(f"{epoch} val loss {F.binary_cross_entropy_with_logits(z, yva):.4f} AUC {roc_auc_score(yva, z):.4f}")


@case("optimizer_wrong_params")
def finetune_copy_of_pretrained(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("mlc_churn", seed)
    d = xtr.shape[1]

    class Auto(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(d, 48), nn.ReLU(), nn.Linear(48, 24))
            self.decoder = nn.Sequential(nn.ReLU(), nn.Linear(24, d))

        def forward(self, x):
            return self.decoder(self.encoder(x))

    class Classifier(nn.Module):
        def __init__(self, encoder):
            super().__init__()
            self.encoder = encoder
            self.head = nn.Sequential(nn.ReLU(), nn.Linear(24, 1))

        def forward(self, x):
            return self.head(self.encoder(x)).squeeze(-1)

    auto = Auto()
    opt = torch.optim.Adam(auto.parameters(), lr=2e-3)
    for epoch in range(8):  # noqa: B007
        for idx in torch.randperm(len(xtr)).split(64):
            opt.zero_grad()
            rec = F.mse_loss(auto(xtr[idx]), xtr[idx])
            rec.backward()
            opt.step()
    print("reconstruction", rec.item())
    clf = Classifier(copy.deepcopy(auto.encoder))
    pos_weight = (1 - ytr).sum() / ytr.sum()
    for epoch in range(15):
        clf.train()
        for idx in torch.randperm(len(xtr)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(clf(xtr[idx]), ytr[idx], pos_weight=pos_weight)
            loss.backward()
            opt.step()
        clf.eval()
        with torch.no_grad():
            z = clf(xva)
        if epoch % 5 == 4:
            print(
                "epoch",
                epoch + 1,
                "loss",
                round(loss.item(), 3),
                "val AUC",
                round(roc_auc_score(yva, z), 3),
                "bacc",
                round(balanced_accuracy_score(yva, z > 0), 3),
            )


@case("frozen_params")
def staged_unfreezing_shapes(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    canvas = rng.normal(0, 0.5, (1200, 1, 16, 16)).astype(np.float32)
    kind = rng.integers(0, 2, 1200)
    for img, k in zip(canvas, kind, strict=False):
        r, c = rng.integers(3, 13, 2)
        for step in range(-2, 3):
            img[0, r + (step if k else 0), c + (0 if k else step)] += 1.6
            img[0, r, c] -= 0.1
    x, y = torch.from_numpy(canvas), torch.from_numpy(kind).float()

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone = nn.Sequential(
                nn.Conv2d(1, 8, 3, padding=1),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Conv2d(8, 12, 3, padding=1),
                nn.ReLU(),
                nn.AdaptiveMaxPool2d(1),
                nn.Flatten(),
            )
            self.head = nn.Linear(12, 1)

        def forward(self, img):
            return self.head(self.backbone(img)).squeeze(1)

    net = Net()
    for p in net.backbone.parameters():
        p.requires_grad = False
    opt = torch.optim.Adam(net.head.parameters(), lr=5e-3)
    for epoch in range(20):
        if epoch == 3:
            for p in net.backbone.parameters():
                p.require_grad = True
            opt.add_param_group({"params": net.backbone.parameters(), "lr": 3e-3})
        net.train()
        for idx in torch.randperm(800).split(40):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[idx]), y[idx])
            loss.backward()
            opt.step()
        if epoch % 4 == 3:
            net.eval()
            with torch.no_grad():
                z = net(x[800:])
            print(f"epoch {epoch + 1} loss {loss.item():.3f} val acc {((z > 0) == (y[800:] > 0.5)).float().mean():.3f}")


@case("unregistered_params")
def mixture_of_experts_moons(seed: int) -> None:
    torch.manual_seed(seed)
    Xtr, ytr, Xva, yva = data("circles", seed)

    class MoE(nn.Module):
        def __init__(self, experts=4):
            super().__init__()
            self.gate = nn.Linear(2, experts)
            self.experts = {k: nn.Sequential(nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 1)) for k in "abcd"[:experts]}

        def forward(self, x):
            w = self.gate(x).softmax(dim=1)
            votes = torch.cat([e(x) for e in self.experts.values()], dim=1)
            return (w * votes).sum(dim=1)

    moe = MoE()
    print("parameters:", sum(p.numel() for p in moe.parameters()))
    opt = torch.optim.Adam(moe.parameters(), lr=0.01)
    for it in range(600):
        idx = torch.randint(0, len(Xtr), (64,))
        loss = F.soft_margin_loss(moe(Xtr[idx]), 2 * ytr[idx] - 1)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        if it % 150 == 149:
            with torch.no_grad():
                s = moe(Xva)
            print(it + 1, "loss", loss.item(), "val accuracy", ((s > 0) == (yva == 1)).float().mean().item())


@case("graph_detached")
def graph_votes_message_passing(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n, deg = 900, 8
    community = rng.integers(0, 2, n)
    feats = rng.normal(size=(n, 6)).astype(np.float32)
    feats[:, 0] += 0.9 * np.where(community == 1, 1, -1) * np.where(feats[:, 1] > 0, 1, -1)
    src, dst = [], []
    for i in range(n):
        same = np.flatnonzero(community == community[i])
        other = np.flatnonzero(community != community[i])
        k = rng.binomial(deg, 0.62)
        src += list(rng.choice(same, k)) + list(rng.choice(other, deg - k))
        dst += [i] * deg
    edge = torch.tensor([src, dst])
    x, y = torch.from_numpy(feats), torch.from_numpy(community).float()
    mask = torch.from_numpy(rng.permutation(n) < 600)

    class Conv(nn.Module):
        def __init__(self, i, o):
            super().__init__()
            self.own, self.near = nn.Linear(i, o), nn.Linear(i, o)

        def forward(self, h, edge):
            total = torch.zeros_like(h).index_add_(0, edge[1], h[edge[0]])
            return self.own(h) + self.near(total / deg)

    class Votes(nn.Module):
        def __init__(self):
            super().__init__()
            self.encode = nn.Sequential(nn.Linear(6, 4), nn.Tanh())
            self.c1 = Conv(4, 4)
            self.c2 = Conv(4, 1)

        def forward(self, h, edge):
            h = self.encode(h).data
            h = torch.tanh(self.c1(h, edge)).data
            return self.c2(h, edge).squeeze(1)

    net = Votes()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(300):
        opt.zero_grad()
        z = net(x, edge)
        loss = F.binary_cross_entropy_with_logits(z[mask], y[mask])
        loss.backward()
        opt.step()
        if epoch % 60 == 59:
            print(
                "epoch",
                epoch + 1,
                f"loss {loss.item():.4f}",
                f"AUC of the unlabelled nodes {roc_auc_score(y[~mask], z[~mask].detach()):.4f}",
            )


@case("nondifferentiable_output")
def soft_f1_training(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("credit_data", seed)

    class F1Loss(nn.Module):
        def forward(self, logits, target):
            pred = torch.round(torch.sigmoid(logits))
            tp = (pred * target).sum()
            fp = (pred * (1 - target)).sum()
            fn = ((1 - pred) * target).sum()
            return 1 - 2 * tp / (2 * tp + fp + fn + 1e-8)

    net = nn.Sequential(nn.Linear(xtr.shape[1], 24), nn.LeakyReLU(0.1), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    criterion = F1Loss()
    for epoch in range(15):
        for idx in torch.randperm(len(xtr)).split(150):
            loss = criterion(net(xtr[idx]).squeeze(1), ytr[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net(xva).squeeze(1)
        print(f"{epoch}: train {loss.item():.3f} val F1 {f1_score(yva, z > 0):.3f} AUC {roc_auc_score(yva, z):.3f}")


@case("lr_too_high")
def second_phase_finetuning_cyclic(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("spambase", seed)
    xtr, xva = xtr.clamp(-5, 5), xva.clamp(-5, 5)
    trunk = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
    masked = nn.Linear(32, 57)
    opt = torch.optim.Adam([*trunk.parameters(), *masked.parameters()], lr=2e-3)
    for _ in range(150):
        xb = xtr[torch.randint(len(xtr), (128,))]
        keep = (torch.rand_like(xb) > 0.2).float()
        loss = ((masked(trunk(xb * keep)) - xb) ** 2 * (1 - keep)).sum() / (1 - keep).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("masked reconstruction", loss.item())

    model = nn.Sequential(trunk, nn.Linear(32, 1))
    groups = [{"params": model[0].parameters(), "lr": 0.5}, {"params": model[1].parameters(), "lr": 1.0}]
    opt = torch.optim.Adam(groups)
    for epoch in range(12):
        model.train()
        for idx in torch.randperm(len(xtr)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xtr[idx]).squeeze(1), ytr[idx])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(xva).squeeze(1)
        print(
            f"epoch {epoch + 1}: val loss {F.binary_cross_entropy_with_logits(z, yva):.3f}",
            f"AUC {roc_auc_score(yva, z):.3f} bacc {balanced_accuracy_score(yva, z > 0):.3f}",
        )


@case("scheduler_misuse")
def texture_cnn_exponential_decay(seed: int) -> None:
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    n = 1000
    y = (torch.rand(n, generator=g) < 0.5).float()
    phase = torch.rand(n, 1, 1, generator=g) * 6.28
    grid = torch.arange(14.0)
    freq = torch.where(y > 0.5, 0.9, 1.3)[:, None, None]
    x = torch.sin(freq * (grid[None, :, None] + grid[None, None, :]) / 1.4 + phase)
    x = (x + torch.randn(n, 14, 14, generator=g))[:, None]
    train, val = TensorDataset(x[:700], y[:700]), TensorDataset(x[700:], y[700:])
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 1),
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.7)
    for epoch in range(14):
        net.train()
        for xb, yb in DataLoader(train, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            scheduler.step()
        net.eval()
        with torch.no_grad():
            z = net(val.tensors[0]).squeeze(1)
        if epoch % 3 == 1:
            print(
                f"epoch {epoch + 1} train {loss.item():.3f} val AUC {roc_auc_score(val.tensors[1], z):.3f}",
                f"bacc {balanced_accuracy_score(val.tensors[1], z > 0):.3f}",
            )


@case("regularisation_too_strong")
def moons_decay_groups(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_moons(1000, noise=0.2, random_state=seed)
    X = torch.tensor((X - X[:700].mean(0)) / X[:700].std(0), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(
        [
            {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": 0.1},
            {"params": [p for p in net.parameters() if p.ndim == 1], "weight_decay": 0.0},
        ],
        lr=5e-3,
    )
    for epoch in range(40):
        for idx in torch.randperm(700).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X[idx]).squeeze(1), y[idx])
            loss.backward()
            opt.step()
        if epoch % 8 == 7:
            with torch.no_grad():
                z = net(X[700:]).squeeze(1)
                val = F.binary_cross_entropy_with_logits(z, y[700:])
            acc = ((z > 0) == (y[700:] > 0.5)).float().mean()
            print(f"epoch {epoch + 1} train {loss.item():.4f} val {val:.4f} acc {acc:.3f}")


@case("overfitting")
def few_patients_wide_net(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_classification(1300, 40, n_informative=6, n_redundant=0, class_sep=0.8, flip_y=0.1, random_state=seed)
    X = torch.tensor((X - X[:300].mean(0)) / X[:300].std(0), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    train, held = slice(0, 300), slice(300, None)
    net = nn.Sequential(nn.Linear(40, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    curve = {"train": [], "held out": []}
    for _epoch in range(60):
        net.train()
        for idx in torch.randperm(300).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[train][idx]).squeeze(1), y[train][idx]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            for key, part in zip(curve, (train, held), strict=False):
                curve[key].append(F.binary_cross_entropy_with_logits(net(X[part]).squeeze(1), y[part]).item())
    for key, values in curve.items():
        print(key, [round(v, 3) for v in values[::8]])
    with torch.no_grad():
        z = net(X[held]).squeeze(1)
    print("held-out AUC", roc_auc_score(y[held], z), "bacc", balanced_accuracy_score(y[held], z > 0))


@case("train_mode_missing")
def spam_raw_input_norm(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("spambase", seed, raw=True)

    class SpamNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm_in = nn.BatchNorm1d(57)
            self.fc1, self.fc2, self.fc3 = nn.Linear(57, 40), nn.Linear(40, 20), nn.Linear(20, 1)
            self.drop = nn.Dropout(0.2)

        def forward(self, x):
            x = self.norm_in(x)
            x = self.drop(torch.relu(self.fc1(x)))
            return self.fc3(torch.relu(self.fc2(x))).flatten()

    def evaluate(model):
        model.eval()
        with torch.no_grad():
            z = model(xva)
        return roc_auc_score(yva, z), balanced_accuracy_score(yva, z > 0)

    model = SpamNet()
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    best = deque(maxlen=3)
    print("untrained: auc {:.3f} bacc {:.3f}".format(*evaluate(model)))
    for epoch in range(20):
        for idx in torch.randperm(len(xtr)).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xtr[idx]), ytr[idx])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
        best.append(evaluate(model))
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1} loss {loss.item():.3f} auc {best[-1][0]:.3f} bacc {best[-1][1]:.3f}")
    print("mean of the last three: auc {:.3f} bacc {:.3f}".format(*tuple(np.mean(best, axis=0))))


@case("eval_mode_missing")
def rings_heavy_dropout_monitor(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("circles", seed)
    model = nn.Sequential(
        nn.Linear(2, 64),
        nn.BatchNorm1d(64),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(32, 1),
    )
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    train_dl = DataLoader(TensorDataset(xtr, ytr), batch_size=64, shuffle=True)
    val_dl = DataLoader(TensorDataset(xva, yva), batch_size=250)

    def one_pass(dl, optimizer=None):
        scores, labels, losses = [], [], []
        for xb, yb in dl:
            with torch.set_grad_enabled(optimizer is not None):
                z = model(xb).squeeze(1)
                loss = F.binary_cross_entropy_with_logits(z, yb)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            scores.append(z.detach())
            labels.append(yb)
            losses.append(loss.item())
        return np.mean(losses), torch.cat(scores), torch.cat(labels)

    for epoch in range(25):
        train_loss, _, _ = one_pass(train_dl, opt)
        val_loss, z, t = one_pass(val_dl)
        print(
            f"epoch {epoch + 1:2d} train {train_loss:.3f} val {val_loss:.3f} AUC {roc_auc_score(t, z):.3f} "
            f"bacc {balanced_accuracy_score(t, z > 0):.3f}"
        )


@case("functional_dropout")
def sms_word_presence_f_dropout(seed: int) -> None:
    torch.manual_seed(seed)
    sms = load("sms_spam").distinct()
    text, spam = sms.features["text"].to_numpy(), sms.labels
    tr, va = train_test_split(np.arange(len(spam)), train_size=1800, test_size=900, stratify=spam, random_state=seed)
    counts = Counter(w for i in tr for w in set(text[i].lower().split()))
    vocab = {w: k for k, (w, _) in enumerate(counts.most_common(400))}

    def encode(rows):
        out = torch.zeros(len(rows), len(vocab))
        for r, i in enumerate(rows):
            for w in text[i].lower().split():
                if w in vocab:
                    out[r, vocab[w]] = 1.0
        return out

    class Net(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.a, self.b = nn.Linear(d, 48), nn.Linear(48, 1)

        def forward(self, x):
            x = F.dropout(x, 0.5)
            x = F.dropout(F.relu(self.a(x)), 0.4)
            return self.b(x).squeeze(-1)

    xtr, xva = encode(tr), encode(va)
    ytr, yva = torch.tensor(spam[tr]).float(), torch.tensor(spam[va]).float()
    net = Net(len(vocab))
    opt = torch.optim.NAdam(net.parameters(), lr=2e-3)
    for _epoch in range(12):
        net.train()
        for idx in torch.randperm(len(xtr)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xtr[idx]), ytr[idx]).backward()
            opt.step()
    net.eval()
    with torch.inference_mode():
        z = net(xva)
    print("AUC", roc_auc_score(yva, z), "F1", f1_score(yva, z > 0), "MCC", matthews_corrcoef(yva, z > 0))
    print("balanced accuracy", balanced_accuracy_score(yva, z > 0))


@case("batchnorm_stats")
def averaged_weights_copy(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("spambase", seed, raw=True)
    xtr, xva = torch.log1p(xtr), torch.log1p(xva)

    class Ema:
        def __init__(self, model, decay):
            self.decay = decay
            self.shadow = copy.deepcopy(model).requires_grad_(False)

        @torch.no_grad()
        def update(self, model):
            for s, p in zip(self.shadow.parameters(), model.parameters(), strict=False):
                s.lerp_(p, 1 - self.decay)

    net = nn.Sequential(nn.BatchNorm1d(57), nn.Linear(57, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 1))
    ema = Ema(net, 0.98)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for epoch in range(15):
        net.train()
        for idx in torch.randperm(len(xtr)).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xtr[idx]).squeeze(1), ytr[idx])
            loss.backward()
            opt.step()
            ema.update(net)
        ema.shadow.eval()
        with torch.no_grad():
            z = ema.shadow(xva).squeeze(1)
        val = F.binary_cross_entropy_with_logits(z, yva).item()
        if epoch % 5 == 4:
            print(
                f"epoch {epoch + 1} train {loss.item():.3f} averaged model: loss {val:.3f}",
                f"auc {roc_auc_score(yva, z):.3f} bacc {balanced_accuracy_score(yva, z > 0):.3f}",
            )


@case("accuracy_broadcast")
def splice_site_conv_accuracy(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence").sample(1600, random_state=seed)
    letters = {"A": 0, "C": 1, "G": 2, "T": 3}
    onehot = torch.zeros(len(df), 4, 60)
    for i, s in enumerate(df["sequence"]):
        for j, ch in enumerate(s):
            if ch in letters:
                onehot[i, letters[ch], j] = 1.0
    y = torch.tensor(df["is_junction"].to_numpy(), dtype=torch.float32)
    net = nn.Sequential(nn.Conv1d(4, 16, 7, padding=3), nn.ReLU(), nn.Dropout(0.2), nn.Flatten(), nn.Linear(960, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
    dl = DataLoader(TensorDataset(onehot[:1200], y[:1200]), batch_size=32, shuffle=True)
    for epoch in range(6):
        net.train()
        for xb, yb in dl:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb.unsqueeze(1))
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            prob = torch.sigmoid(net(onehot[1200:]))
            acc = ((prob > 0.5).float() == y[1200:]).float().mean()
        print(f"epoch {epoch + 1}: train loss {loss.item():.3f}, validation accuracy {acc.item():.3f}")


@case("layer_in_forward")
def digit_cnn_flexible_head(seed: int) -> None:
    torch.manual_seed(seed)
    d = load_digits()
    x = torch.tensor(d.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(d.target >= 5).long()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)

    class FlexNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
            self.conv2 = nn.Conv2d(16, 32, 3)

        def forward(self, img):
            h = F.max_pool2d(F.relu(self.conv1(img)), 2)
            h = F.relu(self.conv2(h)).flatten(1)
            fc = nn.Linear(h.shape[1], 2)
            return fc(h)

    net = FlexNet()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    train_loader = DataLoader(TensorDataset(x[tr], y[tr]), batch_size=64, shuffle=True)
    for epoch in range(8):
        net.train()
        for xb, yb in train_loader:
            opt.zero_grad()
            loss = F.cross_entropy(net(xb), yb)
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            correct = (net(x[va]).argmax(1) == y[va]).float().mean().item()
        print(f"Epoch [{epoch + 1}/8] loss: {loss.item():.4f} val accuracy: {correct:.4f}")


@case("healthy")
def preprocessing_buffers_inside_module(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("credit_data", seed, raw=True)

    class Standardise(nn.Module):
        def __init__(self, x):
            super().__init__()
            self.register_buffer("shift", x.mean(0))
            self.register_buffer("scale", x.std(0).clamp_min(1e-4))

        def forward(self, x):
            return ((x - self.shift) / self.scale).clamp(-5, 5)

    scorer = nn.Sequential(Standardise(xtr), nn.LazyLinear(16), nn.Tanh(), nn.LazyLinear(1), nn.Flatten(0))
    scorer(xtr[:2])
    opt = torch.optim.AdamW(scorer.parameters(), lr=2e-3, weight_decay=0.1)
    for epoch in range(25):
        for idx in torch.randperm(len(xtr)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(scorer(xtr[idx]), ytr[idx]).backward()
            opt.step()
        with torch.no_grad():
            z = scorer(xva)
            val = F.binary_cross_entropy_with_logits(z, yva).item()
        if epoch % 6 == 0:
            print(f"epoch {epoch:2d}  validation log loss {val:.4f}")
    print("AUC", roc_auc_score(yva, z), "log loss", val)


@case("healthy")
def bootstrap_committee_einsum(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    xtr, ytr, xva, yva = data("credit_data", seed)
    members, width, d = 8, 12, xtr.shape[1]
    w1 = (torch.randn(members, d, width, generator=g) / math.sqrt(d)).requires_grad_()
    b1 = torch.zeros(members, 1, width, requires_grad=True)
    w2 = (torch.randn(members, width, generator=g) / math.sqrt(width)).requires_grad_()
    b2 = torch.zeros(members, 1, requires_grad=True)

    def committee(x):
        h = torch.tanh(torch.einsum("mnd,mdh->mnh", x, w1) + b1)
        return torch.einsum("mnh,mh->mn", h, w2) + b2

    bags = torch.randint(len(xtr), (members, len(xtr)), generator=g)
    opt = torch.optim.Adam([{"params": [w1, w2], "weight_decay": 1e-3}, {"params": [b1, b2]}], lr=3e-3)
    for epoch in range(18):
        for cols in torch.randperm(len(xtr), generator=g).split(60):
            pick = bags[:, cols]
            per_member = F.binary_cross_entropy_with_logits(committee(xtr[pick]), ytr[pick], reduction="none").mean(1)
            opt.zero_grad()
            per_member.sum().backward()
            opt.step()
        with torch.no_grad():
            p = torch.sigmoid(committee(xva.expand(members, *xva.shape))).mean(0)
        if epoch % 4 == 1:
            print(f"round {epoch + 1}: committee log loss {F.binary_cross_entropy(p, yva):.4f}")
    print(f"committee AUC {roc_auc_score(yva, p):.4f}, accuracy {accuracy_score(yva, p > 0.5):.4f}")


@case("healthy")
def lbfgs_ridge_logit_biopsies(seed: int) -> None:
    bunch = load_breast_cancer()
    sick = 1 - bunch.target
    a, b, ya, yb = train_test_split(bunch.data, sick, test_size=0.35, stratify=sick, random_state=seed)
    sc = StandardScaler().fit(a)
    A, B = torch.from_numpy(sc.transform(a)), torch.from_numpy(sc.transform(b))
    target = torch.from_numpy(ya).double()
    coef = torch.zeros(31, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([coef], max_iter=100, line_search_fn="strong_wolfe")

    def objective():
        solver.zero_grad()
        z = A @ coef[1:] + coef[0]
        value = F.binary_cross_entropy_with_logits(z, target) + 0.5 * coef[1:].square().sum() / len(A)
        value.backward()
        return value

    print("objective at zero", solver.step(objective).item(), "at the optimum", objective().item())
    with torch.no_grad():
        malignant = torch.sigmoid(B @ coef[1:] + coef[0])
    print("largest gradient entry", coef.grad.abs().max().item())
    print("AUC", roc_auc_score(yb, malignant), "balanced accuracy", balanced_accuracy_score(yb, malignant > 0.5))


@case("healthy")
def denoise_then_finetune_spam(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("spambase", seed, raw=True)
    xtr, xva = torch.log1p(xtr), torch.log1p(xva)
    mean, std = xtr.mean(0), xtr.std(0) + 1e-6
    xtr, xva = (xtr - mean) / std, (xva - mean) / std
    encoder = nn.Sequential(nn.Linear(57, 48), nn.ReLU())
    decoder = nn.Linear(48, 57)
    head = nn.Sequential(nn.Dropout(0.3), nn.Linear(48, 1))

    def loop(step, params, lr, epochs, decay=0.0):
        opt = torch.optim.AdamW(params, lr=lr, weight_decay=decay)
        for _ in range(epochs):
            for idx in torch.randperm(len(xtr)).split(64):
                opt.zero_grad()
                loss = step(idx)
                loss.backward()
                opt.step()
        return loss.item()

    def rebuild(idx):
        x = xtr[idx]
        return F.mse_loss(decoder(encoder(x * (torch.rand_like(x) > 0.25))), x)

    def classify(idx):
        return F.binary_cross_entropy_with_logits(head(encoder(xtr[idx])).squeeze(1), ytr[idx])

    def report(stage):
        head.eval()
        with torch.no_grad():
            z = head(encoder(xva)).squeeze(1)
        head.train()
        loss = F.binary_cross_entropy_with_logits(z, yva)
        print(f"{stage:10s} val loss {loss:.4f} AUC {roc_auc_score(yva, z):.4f} F1 {f1_score(yva, z > 0):.4f}")

    print("denoising error", loop(rebuild, [*encoder.parameters(), *decoder.parameters()], 2e-3, 12))
    encoder.requires_grad_(False)
    loop(classify, head.parameters(), 5e-3, 8)
    report("probe")
    encoder.requires_grad_(True)
    groups = [{"params": encoder.parameters(), "lr": 5e-4}, {"params": head.parameters(), "lr": 1e-3}]
    for stage in range(8):
        loop(classify, groups, 1e-3, 2, 0.01)
        report(f"tuned {stage + 1}")


@case("healthy")
def sparse_and_dense_optimizers_income(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(5000, random_state=seed)
    df["age band"], df["hours band"] = df["age"] // 5, df["hours-per-week"] // 6
    cats = ["workclass", "marital-status", "occupation", "relationship", "native-country", "age band", "hours band"]
    nums = ["age", "education-num", "hours-per-week", "capital-gain", "capital-loss"]
    y = df["income_gt_50k"].to_numpy(dtype=np.float32)
    tr, va = train_test_split(np.arange(len(df)), test_size=0.3, stratify=y, random_state=seed)
    table, codes = {}, np.zeros((len(df), len(cats)), dtype=np.int64)
    for j, c in enumerate(cats):
        known = sorted(df[c].iloc[tr].unique())
        for v in known:
            table[c, v] = len(table) + 1
        codes[:, j] = [table.get((c, v), 0) for v in df[c]]
    dense = df[nums].to_numpy(dtype=np.float64)
    dense[:, 3:] = np.log1p(dense[:, 3:])
    dense = np.hstack([dense, df[["capital-gain"]].to_numpy() > 5000])
    dense = (dense - dense[tr].mean(0)) / dense[tr].std(0)
    codes, dense, y = torch.from_numpy(codes), torch.from_numpy(dense).float(), torch.from_numpy(y)
    vectors = nn.Embedding(len(table) + 1, 8, sparse=True)
    nn.init.normal_(vectors.weight, std=0.1)
    mlp = nn.Sequential(nn.Linear(8 * len(cats) + dense.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    slow, fast = torch.optim.SparseAdam(vectors.parameters(), lr=2e-3), torch.optim.Adam(mlp.parameters(), lr=2e-3)

    def forward(rows):
        return mlp(torch.cat([vectors(codes[rows]).flatten(1), dense[rows]], 1)).squeeze(1)

    for epoch in range(8):
        mlp.train()
        for rows in torch.from_numpy(np.random.default_rng(seed + epoch).permutation(tr)).split(64):
            loss = F.binary_cross_entropy_with_logits(forward(rows), y[rows])
            slow.zero_grad()
            fast.zero_grad()
            loss.backward()
            slow.step()
            fast.step()
        mlp.eval()
        with torch.no_grad():
            z = forward(torch.from_numpy(va))
        val = F.binary_cross_entropy_with_logits(z, y[va])
        print(f"epoch {epoch + 1} val loss {val:.4f} AUC {roc_auc_score(y[va], z):.4f}")


@case("healthy")
def swa_digits_parity(seed: int) -> None:
    torch.manual_seed(seed)
    d = load_digits()
    x = torch.tensor(d.images / 16 - 0.3, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(d.target % 2)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=d.target, random_state=seed)
    loader = DataLoader(TensorDataset(x[tr], y[tr]), batch_size=64, shuffle=True)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(512, 2),
    )
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    averaged = torch.optim.swa_utils.AveragedModel(net)
    anneal = torch.optim.swa_utils.SWALR(opt, swa_lr=0.02, anneal_epochs=2)
    for epoch in range(10):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(net(xb), yb, label_smoothing=0.05).backward()
            opt.step()
        if epoch >= 5:
            averaged.update_parameters(net)
            anneal.step()
        net.eval()
        with torch.no_grad():
            z = net(x[va])
        print(f"epoch {epoch + 1} loss {F.cross_entropy(z, y[va]):.4f} acc {(z.argmax(1) == y[va]).float().mean():.4f}")
    torch.optim.swa_utils.update_bn(loader, averaged)
    averaged.eval()
    with torch.no_grad():
        z = averaged(x[va])
    print(f"averaged loss {F.cross_entropy(z, y[va]):.4f} acc {(z.argmax(1) == y[va]).float().mean():.4f}")


@case("healthy")
def signed_targets_margin_machine(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("moons", seed)
    sign_tr, sign_va = ytr * 2 - 1, yva * 2 - 1
    centres = xtr[torch.randperm(len(xtr))[:80]]

    def kernel(x):
        return torch.exp(-1.5 * torch.cdist(x, centres) ** 2)

    phi, phi_va = kernel(xtr), kernel(xva)
    alpha, bias = torch.zeros(80, requires_grad=True), torch.zeros(1, requires_grad=True)
    opt = torch.optim.Adam([alpha, bias], lr=0.05)
    decay = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=400)
    for it in range(400):
        opt.zero_grad()
        margin = sign_tr * (phi @ alpha + bias)
        objective = F.relu(1 - margin).square().mean() + 1e-3 * alpha.square().sum()
        objective.backward()
        opt.step()
        decay.step()
        if it % 100 == 99:
            with torch.no_grad():
                score = phi_va @ alpha + bias
            hinge = F.relu(1 - sign_va * score).square().mean().item()
            print(
                it + 1,
                "objective",
                round(objective.item(), 4),
                "val hinge",
                round(hinge, 4),
                "val accuracy",
                (score.sign() == sign_va).float().mean().item(),
            )


@case("healthy")
def accumulated_uneven_chunks(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("clouds", seed)
    chunk, per_update = 17, 4
    net = nn.Sequential(nn.Linear(8, 16), nn.SiLU(), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.05)
    log = []
    for _epoch in range(8):
        pieces = torch.randperm(len(xtr)).split(chunk)
        for start in range(0, len(pieces), per_update):
            group = pieces[start : start + per_update]
            rows = sum(len(p) for p in group)
            opt.zero_grad()
            for p in group:
                (F.binary_cross_entropy_with_logits(net(xtr[p]), ytr[p], reduction="sum") / rows).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        with torch.inference_mode():
            z = net(xva)
            log.append(F.binary_cross_entropy_with_logits(z, yva).item())
    print("validation loss", [round(v, 3) for v in log[::2]], "last", round(log[-1], 3))
    print("validation accuracy", ((z > 0) == (yva > 0.5)).float().mean().item(), "AUC", roc_auc_score(yva, z))


@case("healthy")
def custom_autograd_log_loss(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("spambase", seed)
    xtr, xva = xtr.clamp(-4, 4), xva.clamp(-4, 4)

    class LogLoss(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z, t):
            ctx.save_for_backward(z, t)
            return (z.clamp(min=0) - z * t + torch.log1p(torch.exp(-z.abs()))).mean()

        @staticmethod
        def backward(ctx, grad):
            z, t = ctx.saved_tensors
            return grad * (torch.sigmoid(z) - t) / z.numel(), None

    net = nn.Sequential(nn.Linear(57, 32), nn.PReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    opt = torch.optim.RMSprop(net.parameters(), lr=1e-3, weight_decay=1e-3)
    for epoch in range(16):
        net.train()
        for idx in torch.randperm(len(xtr)).split(48):
            loss = LogLoss.apply(net(xtr[idx]).squeeze(1), ytr[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(xva).squeeze(1)
        if epoch % 3 == 0:
            print(f"{epoch}: log loss {LogLoss.apply(z, yva):.4f}  AUC {roc_auc_score(yva, z):.4f}")


@case("healthy")
def masked_attention_sms(seed: int) -> None:
    torch.manual_seed(seed)
    sms = load("sms_spam").distinct()
    texts, spam = sms.features["text"].str.lower().str.findall(r"\w\w+").tolist(), sms.labels
    rows = np.arange(len(spam))
    tr, va = train_test_split(rows, train_size=2000, test_size=900, stratify=spam, random_state=seed)
    freq = Counter(itertools.chain.from_iterable(texts[i] for i in tr))
    index = {w: k for k, (w, c) in enumerate(freq.most_common(1500), start=2) if c > 1}

    def collate(batch):
        seqs = [torch.tensor([index.get(w, 1) for w in texts[i][:60]] or [1]) for i in batch]
        return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor(spam[list(batch)]).float()

    class AttentivePool(nn.Module):
        def __init__(self, words, dim=32):
            super().__init__()
            self.emb = nn.Embedding(words, dim, padding_idx=0)
            self.query = nn.Linear(dim, 1, bias=False)
            self.drop = nn.Dropout(0.5)
            self.out = nn.Linear(dim, 1)

        def forward(self, tok):
            e = self.drop(self.emb(tok))
            a = self.query(torch.tanh(e)).squeeze(-1).masked_fill(tok == 0, float("-inf")).softmax(1)
            return self.out((a.unsqueeze(-1) * e).sum(1)).squeeze(-1)

    net = AttentivePool(max(index.values()) + 1)
    opt = torch.optim.Adam(net.parameters(), lr=8e-3, weight_decay=1e-5)
    cool = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)
    loader = DataLoader(list(tr), batch_size=64, shuffle=True, collate_fn=collate)
    for epoch in range(12):
        net.train()
        for tok, lab in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(tok), lab).backward()
            opt.step()
        cool.step()
        net.eval()
        with torch.inference_mode():
            parts = [(net(tok), lab) for tok, lab in DataLoader(list(va), batch_size=300, collate_fn=collate)]
        z, t = (torch.cat(p) for p in zip(*parts, strict=False))
        print(
            f"epoch {epoch}: val loss {F.binary_cross_entropy_with_logits(z, t):.4f} AUC {roc_auc_score(t, z):.4f} "
            f"F1 {f1_score(t, z > 0):.4f}"
        )


@case("healthy")
def splice_two_strand_conv(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence").sample(2200, random_state=seed)
    lookup = np.zeros((256, 4), dtype=np.float32)
    for k, ch in enumerate("ACGT"):
        lookup[ord(ch), k] = 1
    onehot = np.stack([lookup[np.frombuffer(s.encode(), dtype=np.uint8)] for s in df["sequence"]])
    x = torch.from_numpy(onehot).transpose(1, 2)
    y = torch.from_numpy(df["is_junction"].to_numpy())
    train, valid, test = range(0, 1300), range(1300, 1700), range(1700, 2200)
    net = nn.Sequential(nn.Conv1d(4, 24, 9, padding=4), nn.ReLU(), nn.Dropout(0.4), nn.Flatten(), nn.Linear(1440, 2))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
    best, keep, patience = float("inf"), None, 0
    for epoch in range(25):  # noqa: B007
        net.train()
        for idx in torch.randperm(len(train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(x[train][idx]), y[train][idx]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            now = F.cross_entropy(net(x[valid]), y[valid]).item()
        patience += 1
        if now < best:
            best, keep, patience = now, copy.deepcopy(net.state_dict()), 0
        if patience == 3:
            break
    net.load_state_dict(keep)
    with torch.no_grad():
        z = net(x[test])
    print("stopped after", epoch + 1, "epochs; validation loss", best, "test loss", F.cross_entropy(z, y[test]).item())
    print("test accuracy", (z.argmax(1) == y[test]).double().mean().item())
    print("test AUC", roc_auc_score(y[test], z[:, 1] - z[:, 0]))


@case("healthy")
def jittered_digit_dataset(seed: int) -> None:
    torch.manual_seed(seed)
    d = load_digits()
    pixels, label = torch.tensor(d.images, dtype=torch.float32) / 16, torch.tensor(d.target > 4).float()
    train_idx, test_idx = train_test_split(np.arange(len(label)), test_size=0.3, stratify=d.target, random_state=seed)
    mean, std = pixels[train_idx].mean(), pixels[train_idx].std()

    class DigitSet(Dataset):
        def __init__(self, idx, jitter):
            self.idx, self.jitter = idx, jitter

        def __len__(self):
            return len(self.idx)

        def __getitem__(self, k):
            img = (pixels[self.idx[k]] - mean) / std
            if self.jitter:
                img = img + 0.1 * torch.randn(8, 8)
                img = img * (0.9 + 0.2 * torch.rand(()))
            return img.unsqueeze(0), label[self.idx[k]]

    net = nn.Sequential(
        nn.Conv2d(1, 24, 3),
        nn.ReLU(),
        nn.Conv2d(24, 32, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.25),
        nn.Linear(512, 1),
        nn.Sigmoid(),
    )
    train_dl = DataLoader(DigitSet(train_idx, True), batch_size=32, shuffle=True, drop_last=True)
    test_dl = DataLoader(DigitSet(test_idx, False), batch_size=256)
    opt = torch.optim.Adam(net.parameters(), lr=1.5e-3)
    half = torch.optim.lr_scheduler.MultiStepLR(opt, milestones=[8, 11], gamma=0.3)
    bce = nn.BCELoss()
    for epoch in range(12):
        net.train()
        for img, lab in train_dl:
            opt.zero_grad()
            bce(net(img).flatten(), lab).backward()
            opt.step()
        half.step()
        net.eval()
        with torch.no_grad():
            p, t = (torch.cat(v) for v in zip(*[(net(img).flatten(), lab) for img, lab in test_dl], strict=False))
        print(f"epoch {epoch + 1:2d} test loss {bce(p, t):.4f} accuracy {((p > 0.5) == t.bool()).float().mean():.4f}")


@case("healthy")
def neighbourhood_sum_graph_net(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def random_graph():
        n, label = int(rng.integers(12, 20)), int(rng.integers(0, 2))
        hub = np.zeros(n)
        hub[:3] = 0.35 if label else 0.0
        p = np.clip(0.2 + np.add.outer(hub, hub) - (0.1 if label else 0.0), 0, 1)
        upper = np.triu(rng.random((n, n)) < p, 1)
        perm = rng.permutation(n)
        src, dst = np.nonzero((upper | upper.T)[np.ix_(perm, perm)])
        return n, torch.from_numpy(src), torch.from_numpy(dst), label

    class Batch:
        def __init__(self, graphs):
            sizes = torch.tensor([g[0] for g in graphs])
            start = (sizes.cumsum(0) - sizes).tolist()
            self.owner = torch.arange(len(graphs)).repeat_interleave(sizes)
            self.src = torch.cat([g[1] + s for g, s in zip(graphs, start, strict=False)])
            self.dst = torch.cat([g[2] + s for g, s in zip(graphs, start, strict=False)])
            self.y = torch.tensor([float(g[3]) for g in graphs])
            self.sizes = sizes.float()

    def gather(values, where, rows):
        return torch.zeros(rows, values.shape[1]).index_add_(0, where, values)

    class GraphNet(nn.Module):
        def __init__(self, width=12):
            super().__init__()
            self.first, self.second = nn.Linear(2, width), nn.Linear(2 * width, width)
            self.readout = nn.Linear(width, 1)

        def forward(self, b):
            n = len(b.owner)
            degree = gather(torch.ones(len(b.src), 1), b.dst, n)
            h = torch.relu(self.first(torch.cat([degree / 4, b.sizes[b.owner, None] / 16], 1)))
            h = torch.relu(self.second(torch.cat([h, gather(h[b.src], b.dst, n) / degree.clamp(min=1)], 1)))
            return self.readout(gather(h, b.owner, len(b.y)) / b.sizes[:, None]).squeeze(1)

    graphs = [random_graph() for _ in range(1100)]
    batches, held = [Batch(graphs[s : s + 40]) for s in range(0, 720, 40)], Batch(graphs[720:])
    net = GraphNet()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    cool = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=40)
    for epoch in range(40):
        random.Random(epoch).shuffle(batches)
        for b in batches:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(b), b.y).backward()
            opt.step()
        cool.step()
        with torch.no_grad():
            z = net(held)
        if epoch % 8 == 7:
            acc = ((z > 0) == held.y.bool()).float().mean()
            loss = F.binary_cross_entropy_with_logits(z, held.y)
            print(f"epoch {epoch + 1} val loss {loss:.4f} AUC {roc_auc_score(held.y, z):.4f} acc {acc:.4f}")


@case("healthy")
def out_of_fold_mammography(seed: int) -> None:
    df = pd.read_csv(FOLDER + "/mammographic/mammographic.csv").drop(columns="birads").drop_duplicates()
    shapes = pd.get_dummies(df[["shape", "margin", "density"]].astype(str), dtype=float)
    age, y = df[["age"]].to_numpy(dtype=float), df["malignant"].to_numpy()
    oof = np.full(len(y), np.nan)
    torch.manual_seed(seed)
    for fold, (tr, te) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(age, y)):
        sc = StandardScaler().fit(age[tr])
        both = torch.tensor(np.hstack([sc.transform(age), shapes]), dtype=torch.float32)
        target = torch.tensor(y[tr], dtype=torch.float32)
        net = nn.Sequential(nn.Linear(both.shape[1], 8), nn.Softplus(), nn.Linear(8, 1), nn.Flatten(0))
        opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=3e-3)
        for _step in range(150):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(both[tr]), target)
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net(both[te])
        oof[te] = torch.sigmoid(z).numpy()
        held = F.binary_cross_entropy_with_logits(z, torch.tensor(y[te], dtype=torch.float32)).item()
        print(f"fold {fold}: fit {loss.item():.3f} held out {held:.3f} AUC {roc_auc_score(y[te], oof[te]):.3f}")
    print("pooled out-of-fold AUC", roc_auc_score(y, oof), "accuracy", accuracy_score(y, oof > 0.5))


@case("healthy")
def focal_loss_chosen_cut_thyroid(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("hypothyroid", seed)
    low, high = xtr.quantile(0.005, dim=0), xtr.quantile(0.995, dim=0)
    xtr, xva = xtr.clamp(low, high), xva.clamp(low, high)
    tune, test = train_test_split(np.arange(len(yva)), test_size=0.5, stratify=yva, random_state=seed)

    def focal(z, t, gamma=1.0):
        ce = F.binary_cross_entropy_with_logits(z, t, reduction="none")
        return ((1 - torch.exp(-ce)) ** gamma * ce).mean()

    net = nn.Sequential(nn.Linear(xtr.shape[1], 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1), nn.Flatten(0))
    with torch.no_grad():
        net[3].bias.fill_(math.log(ytr.mean() / (1 - ytr.mean())))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    for epoch in range(25):
        net.train()
        for idx in torch.randperm(len(xtr)).split(64):
            opt.zero_grad()
            focal(net(xtr[idx]), ytr[idx]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            p = torch.sigmoid(net(xva))
        if epoch % 6 == 0:
            print(f"{epoch:2d} focal {focal(torch.logit(p, 1e-6), yva):.5f} AP {average_precision_score(yva, p):.3f}")
    precision, recall, cuts = precision_recall_curve(yva[tune], p[tune])
    f1 = 2 * precision * recall / (precision + recall + 1e-12)
    cut = cuts[f1[:-1].argmax()]
    flag = p[test] >= cut
    print(
        f"cut {cut:.3f}: test F1 {f1_score(yva[test], flag):.3f} recall {recall_score(yva[test], flag):.3f}",
        f"balanced {balanced_accuracy_score(yva[test], flag):.3f} AUC {roc_auc_score(yva[test], p[test]):.3f}",
    )


@case("healthy")
def balanced_sampler_payments(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"], kind="stable")
    logs = np.log(df["amount"])
    usual = logs.groupby(df["user"]).transform(lambda s: s.shift().expanding().mean())
    df["ratio"] = (logs - usual).fillna(0.0)
    df["logs"] = logs
    df["sin"], df["cos"] = np.sin(df["hour"] * math.pi / 12), np.cos(df["hour"] * math.pi / 12)
    cols = ["ratio", "logs", "sin", "cos", "foreign", "online"]
    users = np.random.default_rng(seed).permutation(df["user"].unique())
    held = df["user"].isin(users[:130]).to_numpy()
    x, y = df[cols].to_numpy(), df["fraud"].to_numpy()
    x = torch.tensor((x - x[~held].mean(0)) / x[~held].std(0), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    held = torch.from_numpy(held)
    xt, yt, xv, yv = x[~held], y[~held], x[held], y[held]
    weights = torch.where(yt > 0.5, 0.5 / yt.mean(), 0.5 / (1 - yt.mean()))
    sampler = WeightedRandomSampler(weights, num_samples=6000, replacement=True)
    dl = DataLoader(TensorDataset(xt, yt), batch_size=120, sampler=sampler)
    net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
    for epoch in range(12):
        for xb, yb in dl:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
        with torch.no_grad():
            z = net(xv)
            share = torch.where(yv > 0.5, 0.5 / yv.mean(), 0.5 / (1 - yv.mean()))
            loss = F.binary_cross_entropy_with_logits(z, yv, weight=share)
        if epoch % 3 == 2:
            print(
                f"epoch {epoch + 1} balanced val loss {loss:.4f} ROC AUC {roc_auc_score(yv, z):.4f} "
                f"balanced accuracy {balanced_accuracy_score(yv, z > 0):.4f}"
            )


@case("healthy")
def tied_autoencoder_joint_objective(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("spambase", seed)
    xtr, xva = xtr.clamp(-3, 3), xva.clamp(-3, 3)

    class Tied(nn.Module):
        def __init__(self, d, k):
            super().__init__()
            self.w = nn.Parameter(torch.empty(k, d))
            nn.init.xavier_uniform_(self.w)
            self.up, self.down = nn.Parameter(torch.zeros(k)), nn.Parameter(torch.zeros(d))
            self.judge = nn.Linear(k, 1)

        def forward(self, x):
            h = F.gelu(F.linear(x, self.w, self.up))
            return F.linear(h, self.w.t(), self.down), self.judge(h).squeeze(1)

    net = Tied(57, 32)
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
    warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: min(1.0, (e + 1) / 3) * (1 - e / 25))
    for epoch in range(20):
        for idx in torch.randperm(len(xtr)).split(50):
            rebuilt, z = net(xtr[idx])
            loss = F.binary_cross_entropy_with_logits(z, ytr[idx]) + 0.2 * F.mse_loss(rebuilt, xtr[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        warm.step()
        with torch.no_grad():
            rebuilt, z = net(xva)
        if epoch % 3 == 1:
            print(
                f"epoch {epoch + 1} val bce {F.binary_cross_entropy_with_logits(z, yva):.4f} "
                f"mse {F.mse_loss(rebuilt, xva):.3f} MCC {matthews_corrcoef(yva, z > 0):.3f}"
            )


@case("healthy")
def pairwise_ranking_scorecard(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("credit_data", seed)
    bad, good = xtr[ytr == 1], xtr[ytr == 0]
    net = nn.Sequential(nn.Linear(xtr.shape[1], 16), nn.Tanh(), nn.Linear(16, 1, bias=False))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=2e-3)

    def concordance(score, label):
        pos, neg = score[label == 1], score[label == 0]
        diff = pos[:, None] - neg[None, :]
        return ((diff > 0).double() + 0.5 * (diff == 0).double()).mean().item()

    for step in range(1, 401):
        i, j = torch.randint(len(bad), (128,)), torch.randint(len(good), (128,))
        loss = F.softplus(net(good[j]) - net(bad[i])).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 80 == 0:
            with torch.no_grad():
                z = net(xva).squeeze(1)
                pairs = F.softplus(z[yva == 0][None, :] - z[yva == 1][:, None]).mean().item()
            print(f"step {step} pair loss {pairs:.4f} Gini {2 * concordance(z, yva) - 1:.4f}")


@case("healthy")
def snapshot_ensemble_warm_restarts(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_classification(
        2400, 16, n_informative=6, n_redundant=4, n_clusters_per_class=3, class_sep=1.1, flip_y=0.04, random_state=seed
    )
    X = torch.tensor((X - X[:1600].mean(0)) / X[:1600].std(0), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    net = nn.Sequential(nn.Linear(16, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1), nn.Flatten(0))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=3e-3)
    cycle, cycles = 6, 3
    restarts = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=cycle)
    total, z = torch.zeros(800), None
    for epoch in range(cycle * cycles):
        for idx in torch.randperm(1600).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[idx]), y[idx]).backward()
            opt.step()
        restarts.step()
        if (epoch + 1) % cycle == 0:
            with torch.no_grad():
                z = net(X[1600:])
            total += torch.sigmoid(z)
            print(
                f"snapshot {(epoch + 1) // cycle}: val loss {F.binary_cross_entropy_with_logits(z, y[1600:]):.4f} "
                f"acc {((z > 0) == y[1600:].bool()).float().mean():.4f}"
            )
    z = total / cycles
    print(
        f"mean of snapshots: val loss {F.binary_cross_entropy(z, y[1600:]):.4f} AUC {roc_auc_score(y[1600:], z):.4f} "
        f"acc {((z > 0.5) == y[1600:].bool()).float().mean():.4f}"
    )


@case("healthy")
def activation_penalty_through_hooks(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    caught = []
    for layer in net:
        if isinstance(layer, nn.ReLU):
            layer.register_forward_hook(lambda module, inputs, output: caught.append(output.abs().mean()))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(30):
        for idx in torch.randperm(len(xtr)).split(50):
            caught.clear()
            loss = F.binary_cross_entropy_with_logits(net(xtr[idx]), ytr[idx]) + 1e-3 * sum(caught)
            opt.zero_grad()
            loss.backward()
            opt.step()
        caught.clear()
        with torch.no_grad():
            z = net(xva)
        if epoch % 6 == 5:
            print(
                f"epoch {epoch + 1} val loss {F.binary_cross_entropy_with_logits(z, yva):.4f} "
                f"mean activation {sum(caught).item() / 2:.3f} acc {((z > 0) == yva.bool()).float().mean():.3f}"
            )


@case("healthy")
def handmade_momentum_updates(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    xtr, ytr, xva, yva = data("moons", seed)
    theta = {
        "w1": torch.randn(2, 24, generator=g),
        "b1": torch.zeros(24),
        "w2": torch.randn(24, 1, generator=g) / math.sqrt(24),
        "b2": torch.zeros(1),
    }
    speed = {k: torch.zeros_like(v) for k, v in theta.items()}

    def risk(theta, x, y):
        z = (torch.tanh(x @ theta["w1"] + theta["b1"]) @ theta["w2"] + theta["b2"]).squeeze(1)
        return F.binary_cross_entropy_with_logits(z, y), z

    slope = torch.func.grad(risk, has_aux=True)
    for it in range(1500):
        rows = torch.randint(len(xtr), (64,), generator=g)
        rate = 0.3 * (1 - it / 1500)
        for k, grad in slope(theta, xtr[rows], ytr[rows])[0].items():
            speed[k] = 0.9 * speed[k] - rate * grad
            theta[k] = theta[k] + speed[k]
        if it % 300 == 299:
            loss, z = risk(theta, xva, yva)
            hits = (z > 0) == yva.bool()
            print(f"iteration {it + 1} validation loss {loss:.4f} accuracy {hits.float().mean():.3f}")


@case("healthy")
def fixed_cosine_features_head(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("circles", seed)

    class Fourier(nn.Module):
        def __init__(self, d, k, scale):
            super().__init__()
            self.register_buffer("omega", torch.randn(d, k) * scale)
            self.register_buffer("phase", torch.rand(k) * 2 * math.pi)
            self.head = nn.Linear(k, 2)

        def forward(self, x):
            return self.head(torch.cos(x @ self.omega + self.phase))

    net = Fourier(2, 150, 1.2)
    opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=1e-3)
    for step in range(300):
        loss = F.cross_entropy(net(xtr), ytr.long())
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        if step % 60 == 59:
            with torch.no_grad():
                out = net(xva)
            print(
                step + 1,
                "val loss",
                F.cross_entropy(out, yva.long()).item(),
                "val acc",
                (out.argmax(1) == yva).float().mean().item(),
            )


@case("healthy")
def packed_reversed_gru_lengths(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def walk():
        label, n = int(rng.integers(2)), int(rng.integers(10, 40))
        noise = rng.normal(size=n)
        for t in range(1, n):
            noise[t] += (0.75 if label else -0.1) * noise[t - 1]
        return torch.tensor(noise / noise.std(), dtype=torch.float32), label

    sample = [walk() for _ in range(1300)]
    train, val = sample[:900], sample[900:]

    def collate(items):
        lengths = torch.tensor([len(s) for s, _ in items])
        padded = nn.utils.rnn.pad_sequence([s for s, _ in items], batch_first=True).unsqueeze(-1)
        return padded, lengths, torch.tensor([float(k) for _, k in items])

    class Roughness(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(1, 12, batch_first=True, bidirectional=True)
            self.head = nn.Linear(24, 1)

        def forward(self, x, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            _, h = self.gru(packed)
            return self.head(torch.cat([h[0], h[1]], 1)).squeeze(1)

    net = Roughness()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    cool = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
    loader = DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate)
    for epoch in range(6):
        for x, n, y in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x, n), y).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        cool.step()
        with torch.no_grad():
            x, n, t = collate(val)
            z = net(x, n)
        print(f"epoch {epoch} val loss {F.binary_cross_entropy_with_logits(z, t):.4f} AUC {roc_auc_score(t, z):.4f}")


@case("healthy")
def brier_score_averaged_model(seed: int) -> None:
    torch.manual_seed(seed)
    wine = load_wine()
    X, y = wine.data, (wine.target == 1).astype(np.float32)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.4, stratify=y, random_state=seed)
    X = torch.tensor((X - X[tr].mean(0)) / X[tr].std(0), dtype=torch.float32)
    y = torch.from_numpy(y)
    net = nn.Sequential(nn.BatchNorm1d(13, affine=False), nn.Linear(13, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
    ema = copy.deepcopy(net).requires_grad_(False).eval()
    opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=1e-3)
    rows = torch.from_numpy(tr)
    for epoch in range(40):
        net.train()
        for idx in rows[torch.randperm(len(rows))].split(27):
            opt.zero_grad()
            F.mse_loss(net(X[idx]).squeeze(1), y[idx]).backward()
            opt.step()
            with torch.no_grad():
                for kept, new in zip(ema.state_dict().values(), net.state_dict().values(), strict=False):
                    kept.copy_(kept.lerp(new, 0.1) if kept.is_floating_point() else new)
        if epoch % 8 == 7:
            with torch.no_grad():
                z = ema(X[va]).squeeze(1)
            print(
                f"epoch {epoch + 1} Brier score {F.mse_loss(z, y[va]):.4f} AUC {roc_auc_score(y[va], z):.4f} "
                f"accuracy {((z > 0.5) == y[va].bool()).float().mean():.4f}"
            )
