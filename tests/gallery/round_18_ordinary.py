import copy
import itertools
import re
import tempfile
from collections import Counter
from dataclasses import dataclass

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from scipy.signal import welch
from sklearn.compose import ColumnTransformer
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_wine,
    make_blobs,
    make_circles,
    make_classification,
    make_moons,
)
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    classification_report,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_curve,
    roc_auc_score,
)
from sklearn.model_selection import (
    GroupShuffleSplit,
    KFold,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset, TensorDataset, WeightedRandomSampler

from helpers import load

matplotlib.use("Agg")


FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- tables


@case("healthy")
def credit_table_filled_flagged_and_onehot(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("credit_data").distinct()
    df, y = table.features.copy(), table.labels
    money = ["Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    df[money] = np.log1p(df[money])
    rest, test = train_test_split(np.arange(len(y)), test_size=0.2, stratify=y, random_state=seed)
    train, valid = train_test_split(rest, test_size=0.25, stratify=y[rest], random_state=seed)

    prepare = ColumnTransformer(
        [
            ("num", make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()),
             table.numeric),
            ("cat", make_pipeline(SimpleImputer(strategy="constant", fill_value="missing"),
                                  OneHotEncoder(handle_unknown="ignore", sparse_output=False)), table.categorical),
        ]
    )  # fmt: skip
    X = {"train": prepare.fit_transform(df.iloc[train])}
    X["valid"], X["test"] = prepare.transform(df.iloc[valid]), prepare.transform(df.iloc[test])
    X = {k: torch.tensor(v, dtype=torch.float32) for k, v in X.items()}
    Y = {k: torch.tensor(y[i], dtype=torch.float32) for k, i in (("train", train), ("valid", valid), ("test", test))}

    model = nn.Sequential(
        nn.Linear(X["train"].shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    loader = DataLoader(TensorDataset(X["train"], Y["train"]), batch_size=64, shuffle=True)

    best, best_state, waited = float("inf"), None, 0
    for epoch in range(60):
        model.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        model.eval()
        with torch.no_grad():
            logits = model(X["valid"]).squeeze(1)
            val_loss = criterion(logits, Y["valid"]).item()
        print(f"epoch {epoch:2d}  train {total / len(train):.4f}  valid {val_loss:.4f}  "
              f"auc {roc_auc_score(Y['valid'], logits):.4f}")  # fmt: skip
        if val_loss < best:
            best, best_state, waited = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited == 6:
                break
    model.load_state_dict(best_state)
    model.eval()
    with torch.no_grad():
        p_valid = torch.sigmoid(model(X["valid"]).squeeze(1)).numpy()
        p_test = torch.sigmoid(model(X["test"]).squeeze(1)).numpy()
    cuts = np.linspace(0.05, 0.95, 91)
    cut = cuts[np.argmax([balanced_accuracy_score(y[valid], p_valid >= c) for c in cuts])]
    print(f"threshold {cut:.2f}; test auc {roc_auc_score(y[test], p_test):.4f}, "
          f"balanced accuracy {balanced_accuracy_score(y[test], p_test >= cut):.4f}")  # fmt: skip


@case("healthy")
def thyroid_log_lab_values_with_sampler(seed: int) -> None:
    torch.manual_seed(seed)
    ds = load("hypothyroid").distinct()
    labs = ["TSH", "T3", "TT4", "T4U", "FTI"]
    raw = ds.features[["age", *labs]].copy()
    raw[labs] = np.log(raw[labs] + 0.1)
    missing = raw.isna().astype(float)
    flags = (ds.features[["on_thyroxine", "thyroid_surgery", "pregnant", "sick"]] == "t").astype(float)
    idx_tr, idx_va = train_test_split(np.arange(len(raw)), test_size=0.3, stratify=ds.labels, random_state=seed)
    med = raw.iloc[idx_tr].median()
    filled = raw.fillna(med)
    mu, sd = filled.iloc[idx_tr].mean(), filled.iloc[idx_tr].std()
    x = np.hstack([((filled - mu) / sd).values, missing.values, flags.values]).astype(np.float32)
    x_tr, x_va = torch.from_numpy(x[idx_tr]), torch.from_numpy(x[idx_va])
    y_tr, y_va = torch.from_numpy(ds.labels[idx_tr]).float(), torch.from_numpy(ds.labels[idx_va]).float()

    per_class = torch.bincount(y_tr.long())
    weights = 1.0 / per_class[y_tr.long()].float()
    sampler = WeightedRandomSampler(weights.double(), num_samples=len(y_tr), replacement=True)
    loader = DataLoader(TensorDataset(x_tr, y_tr), batch_size=64, sampler=sampler)

    net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
    for epoch in range(15):
        net.train()
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            out = net(x_va)
        pred = (out > 0).float()
        recall = (pred[y_va == 1] == 1).float().mean()
        specificity = (pred[y_va == 0] == 0).float().mean()
        print(f"{epoch:2d} loss {loss.item():.4f} recall {recall:.3f} specificity {specificity:.3f} "
              f"balanced {(recall + specificity) / 2:.3f} auc {roc_auc_score(y_va, out):.4f}")  # fmt: skip


class ChurnRows(Dataset):
    def __init__(self, numbers, states, labels):
        self.numbers = torch.as_tensor(numbers, dtype=torch.float32)
        self.states = torch.as_tensor(states, dtype=torch.long)
        self.labels = torch.as_tensor(labels, dtype=torch.float32)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.numbers[i], self.states[i], self.labels[i]


class ChurnNet(nn.Module):
    def __init__(self, n_numbers, n_states, dim=2):
        super().__init__()
        self.state = nn.Embedding(n_states, dim)
        self.body = nn.Sequential(nn.Linear(n_numbers + dim, 64), nn.ReLU(), nn.Linear(64, 24), nn.ReLU())
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(24, 1)

    def forward(self, numbers, states):
        h = self.body(torch.cat([numbers, self.state(states)], dim=1))
        return self.head(self.dropout(h)).squeeze(-1)


@case("healthy")
def churn_with_state_embedding_and_plateau(seed: int) -> None:
    torch.manual_seed(seed)
    ds = load("mlc_churn").distinct()
    df = ds.features
    state = pd.Categorical(df["state"]).codes.astype(np.int64)
    num = df[[c for c in ds.numeric if not c.endswith("_charge")]].astype(float)
    num["intl_plan"] = (df["international_plan"] == "yes").astype(float)
    num["mail_plan"] = (df["voice_mail_plan"] == "yes").astype(float)
    tr, va = train_test_split(np.arange(len(df)), test_size=0.25, stratify=ds.labels, random_state=seed)
    scaler = StandardScaler().fit(num.iloc[tr])
    train_ds = ChurnRows(scaler.transform(num.iloc[tr]), state[tr], ds.labels[tr])
    valid_ds = ChurnRows(scaler.transform(num.iloc[va]), state[va], ds.labels[va])
    train_dl = DataLoader(train_ds, batch_size=128, shuffle=True)
    valid_dl = DataLoader(valid_ds, batch_size=512)

    model = ChurnNet(num.shape[1], state.max() + 1)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.3, patience=1)
    for epoch in range(22):
        model.train()
        running = 0.0
        for numbers, states, labels in train_dl:
            optimizer.zero_grad()
            loss = criterion(model(numbers, states), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            running += loss.item() * len(labels)
        model.eval()
        scores, truth, val = [], [], 0.0
        with torch.no_grad():
            for numbers, states, labels in valid_dl:
                out = model(numbers, states)
                val += criterion(out, labels).item() * len(labels)
                scores.append(out.sigmoid())
                truth.append(labels)
        scores, truth = torch.cat(scores).numpy(), torch.cat(truth).numpy()
        scheduler.step(val / len(valid_ds))
        print(f"[{epoch + 1:02d}] train loss {running / len(train_ds):.4f} | valid loss {val / len(valid_ds):.4f} | "
              f"AUC {roc_auc_score(truth, scores):.4f} | AP {average_precision_score(truth, scores):.4f} | "
              f"F1 {f1_score(truth, scores > 0.5):.4f}")  # fmt: skip


class ResidualBlock(nn.Module):
    def __init__(self, width, p):
        super().__init__()
        self.norm = nn.BatchNorm1d(width)
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        h = F.relu(self.fc1(self.norm(x)))
        return x + self.fc2(self.drop(h))


@case("healthy")
def spambase_residual_mlp_one_cycle(seed: int) -> None:
    torch.manual_seed(seed)
    mails = load("spambase").distinct()
    x = np.log1p(mails.features.to_numpy(dtype=np.float64) * 10)
    x_train, x_valid, y_train, y_valid = train_test_split(
        x, mails.labels, test_size=0.25, random_state=seed, stratify=mails.labels
    )
    mean, std = x_train.mean(0), x_train.std(0)
    x_train, x_valid = (torch.tensor((a - mean) / std, dtype=torch.float32) for a in (x_train, x_valid))
    y_train, y_valid = torch.tensor(y_train, dtype=torch.float32), torch.tensor(y_valid, dtype=torch.float32)

    epochs, batch = 10, 128
    net = nn.Sequential(
        nn.Linear(x.shape[1], 64), ResidualBlock(64, 0.4), ResidualBlock(64, 0.4), nn.BatchNorm1d(64), nn.ReLU(),
        nn.Dropout(0.4), nn.Linear(64, 1)
    )  # fmt: skip
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=batch, shuffle=True, drop_last=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=epochs * len(loader))
    for epoch in range(epochs):
        net.train()
        losses = []
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb)
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        net.eval()
        with torch.inference_mode():
            z = net(x_valid)[:, 0]
            val_loss = F.binary_cross_entropy_with_logits(z, y_valid)
        acc = ((z > 0).float() == y_valid).float().mean()
        print(f"{epoch} {np.mean(losses):.4f} {val_loss:.4f} acc={acc:.4f} auc={roc_auc_score(y_valid, z):.4f}")


@case("healthy")
def tumour_ridge_logistic_lbfgs(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    y = 1 - y
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.35, random_state=seed, stratify=y)
    sc = StandardScaler().fit(X_tr)
    X_tr, X_te = torch.tensor(sc.transform(X_tr)), torch.tensor(sc.transform(X_te))
    t_tr, t_te = torch.tensor(y_tr).double(), torch.tensor(y_te).double()

    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    lam = 1.0 / len(t_tr)
    opt = torch.optim.LBFGS([w, b], lr=1.0, max_iter=50, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(X_tr @ w + b, t_tr) + 0.5 * lam * (w @ w)
        loss.backward()
        return loss

    for i in range(3):
        print("objective", i, opt.step(closure).item())
    with torch.no_grad():
        p = torch.sigmoid(X_te @ w + b)
        print("test log-loss", F.binary_cross_entropy(p, t_te).item())
    print(confusion_matrix(y_te, (p > 0.5).int()))
    print("test AUC", roc_auc_score(y_te, p))


@case("healthy")
def tumour_five_fold_small_mlp(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)

    def fit_fold(train_index, valid_index):
        pipe = StandardScaler()
        a = torch.tensor(pipe.fit_transform(X[train_index]), dtype=torch.float32)
        b = torch.tensor(pipe.transform(X[valid_index]), dtype=torch.float32)
        ta = torch.tensor(y[train_index]).float()[:, None]
        model = nn.Sequential(nn.Linear(30, 8), nn.Tanh(), nn.Linear(8, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=3e-3)
        for _ in range(15):
            for batch in torch.randperm(len(a)).split(32):
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(model(a[batch]), ta[batch]).backward()
                optimizer.step()
        with torch.no_grad():
            return torch.sigmoid(model(b))[:, 0].numpy()

    out_of_fold = np.zeros(len(y))
    for k, (tr, va) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y)):
        out_of_fold[va] = fit_fold(tr, va)
        print(f"fold {k}: accuracy {accuracy_score(y[va], out_of_fold[va] > 0.5):.3f}, "
              f"log loss {log_loss(y[va], out_of_fold[va]):.3f}, "
              f"AUC {roc_auc_score(y[va], out_of_fold[va]):.4f}")  # fmt: skip
    print(f"all folds: accuracy {accuracy_score(y, out_of_fold > 0.5):.3f}, AUC {roc_auc_score(y, out_of_fold):.4f}")


@case("healthy")
def wine_cultivar_softmax_regression(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_wine()
    target = (bunch.target == 1).astype(np.int64)
    xtr, xva, ytr, yva = train_test_split(bunch.data, target, test_size=0.4, stratify=target, random_state=seed)
    m, s = xtr.mean(axis=0), xtr.std(axis=0)
    xtr, xva = torch.tensor((xtr - m) / s).float(), torch.tensor((xva - m) / s).float()
    ytr, yva = torch.tensor(ytr), torch.tensor(yva)
    clf = nn.Linear(13, 2)
    loss_fn = nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(clf.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-2)
    for step in range(150):
        loss = loss_fn(clf(xtr), ytr)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        if step % 30 == 29:
            with torch.no_grad():
                z = clf(xva)
            print(f"step {step + 1} train {loss.item():.4f} valid {loss_fn(z, yva).item():.4f} "
                  f"accuracy {(z.argmax(1) == yva).float().mean().item():.3f}")  # fmt: skip
    print("auc", roc_auc_score(yva, z.softmax(1)[:, 1]))


@dataclass
class AdultConfig:
    rows: int = 6000
    epochs: int = 9
    batch: int = 100
    lr: float = 4e-3
    hidden: int = 64
    dropout: float = 0.3


class EntityNet(nn.Module):
    def __init__(self, sizes, n_num, cfg):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(n, min(8, (n + 1) // 2)) for n in sizes)
        width = sum(t.embedding_dim for t in self.tables) + n_num
        self.mlp = nn.Sequential(
            nn.Linear(width, cfg.hidden), nn.ReLU(), nn.Dropout(cfg.dropout),
            nn.Linear(cfg.hidden, cfg.hidden // 2), nn.ReLU(), nn.Dropout(cfg.dropout), nn.Linear(cfg.hidden // 2, 1),
        )  # fmt: skip

    def forward(self, cat, num):
        embedded = [table(cat[:, j]) for j, table in enumerate(self.tables)]
        return self.mlp(torch.cat([*embedded, num], dim=1)).squeeze(1)


@case("healthy")
def adult_entity_embeddings_bfloat16(seed: int) -> None:
    cfg = AdultConfig()
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates()
    df = df.sample(cfg.rows, random_state=seed).reset_index(drop=True)
    y = df.pop("income_gt_50k").to_numpy()
    df = df.drop(columns=["education", "race", "gender"])
    df["gain"] = pd.cut(df.pop("capital-gain"), [-1, 0, 3000, 5000, 7000, 10000, 1e6]).astype(str)
    df["loss"] = pd.cut(df.pop("capital-loss"), [-1, 0, 1500, 1800, 2000, 1e6]).astype(str)
    cats = ["workclass", "marital-status", "occupation", "relationship", "native-country", "gain", "loss"]
    nums = [c for c in df.columns if c not in cats]
    train, valid = train_test_split(np.arange(len(df)), test_size=0.25, stratify=y, random_state=seed)

    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(df.iloc[train][cats])
    codes = torch.tensor(encoder.transform(df[cats]) + 1, dtype=torch.long)
    sizes = [len(c) + 1 for c in encoder.categories_]
    scaled = torch.tensor(StandardScaler().fit(df.iloc[train][nums]).transform(df[nums]), dtype=torch.float32)
    labels = torch.tensor(y, dtype=torch.float32)

    model = EntityNet(sizes, len(nums), cfg)
    loader = DataLoader(TensorDataset(codes[train], scaled[train], labels[train]), cfg.batch, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=cfg.epochs * len(loader))
    for epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for cat, num, target in loader:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(cat, num)
            loss = F.binary_cross_entropy_with_logits(logits.float(), target)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            scheduler.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            z = model(codes[valid], scaled[valid])
        print(f"epoch {epoch}: train {total / len(loader):.4f}, "
              f"valid {F.binary_cross_entropy_with_logits(z, labels[valid]).item():.4f}, "
              f"auc {roc_auc_score(y[valid], z):.4f}, f1 {f1_score(y[valid], (z > 0).int()):.3f}")  # fmt: skip


@case("healthy")
def adult_out_of_fold_target_encoding(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(4000, random_state=seed)
    train, valid = train_test_split(df, test_size=0.3, random_state=seed, stratify=df["income_gt_50k"])
    train, valid = train.reset_index(drop=True), valid.reset_index(drop=True)
    prior = train["income_gt_50k"].mean()

    def rates(frame, column, smoothing=20):
        g = frame.groupby(column)["income_gt_50k"].agg(["sum", "count"])
        return (g["sum"] + smoothing * prior) / (g["count"] + smoothing)

    encoded = ["occupation", "native-country", "marital-status", "workclass"]
    for column in encoded:
        values = np.full(len(train), prior)
        for fit, use in KFold(5, shuffle=True, random_state=seed).split(train):
            mapped = train[column].iloc[use].map(rates(train.iloc[fit], column))
            values[use] = mapped.fillna(prior).to_numpy()
        valid[column + "_rate"] = valid[column].map(rates(train, column)).fillna(prior)
        train[column + "_rate"] = values
    columns = ["age", "education-num", "hours-per-week"] + [c + "_rate" for c in encoded]
    for frame in (train, valid):
        frame["gain"] = np.log1p(frame["capital-gain"])
        frame["loss"] = np.log1p(frame["capital-loss"])
    columns += ["gain", "loss"]
    center, spread = train[columns].mean(), train[columns].std()
    xa = torch.tensor(((train[columns] - center) / spread).to_numpy(), dtype=torch.float32)
    xb = torch.tensor(((valid[columns] - center) / spread).to_numpy(), dtype=torch.float32)
    ya = torch.tensor(train["income_gt_50k"].to_numpy(), dtype=torch.float32)
    yb = torch.tensor(valid["income_gt_50k"].to_numpy(), dtype=torch.float32)

    model = nn.Sequential(nn.Linear(len(columns), 24), nn.SiLU(), nn.Linear(24, 12), nn.SiLU(), nn.Linear(12, 1))
    adam = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for epoch in range(20):
        order = torch.randperm(len(xa))
        seen = 0.0
        for i in range(0, len(xa), 100):
            rows = order[i : i + 100]
            adam.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xa[rows]).flatten(), ya[rows])
            loss.backward()
            adam.step()
            seen += loss.item() * len(rows)
        with torch.no_grad():
            out = model(xb).flatten()
            print(epoch, "loss", round(seen / len(xa), 4),
                  "val_loss", round(F.binary_cross_entropy_with_logits(out, yb).item(), 4),
                  "val_auc", round(roc_auc_score(yb, out), 4))  # fmt: skip


@case("healthy")
def mammography_repeated_folds_logistic(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv").drop_duplicates()
    df = df[df["birads"] <= 6]
    y = df.pop("malignant").to_numpy().astype(np.float32)
    x = pd.get_dummies(df, columns=["shape", "margin", "density"])
    x = x.to_numpy(dtype=np.float32)

    aucs, accuracies = [], []
    for fold, (tr, va) in enumerate(RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=seed).split(x, y)):
        torch.manual_seed(seed * 100 + fold)
        a, b = x[tr].copy(), x[va].copy()
        mean, std = a[:, :2].mean(0), a[:, :2].std(0)
        a[:, :2], b[:, :2] = (a[:, :2] - mean) / std, (b[:, :2] - mean) / std
        a, b, ta = torch.from_numpy(a), torch.from_numpy(b), torch.from_numpy(y[tr])
        linear = nn.Linear(x.shape[1], 1)
        opt = torch.optim.Adam(linear.parameters(), lr=0.03, weight_decay=1e-3)
        for _ in range(200):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(linear(a).squeeze(), ta)
            loss.backward()
            opt.step()
        p = linear(b).squeeze().sigmoid().detach().numpy()
        aucs.append(roc_auc_score(y[va], p))
        accuracies.append(((p > 0.5) == y[va]).mean())
        print(f"fold {fold}: train loss {loss.item():.3f} valid loss {log_loss(y[va], p):.3f} auc {aucs[-1]:.3f}")
    print(f"AUC {np.mean(aucs):.3f} ± {np.std(aucs):.3f}, accuracy {np.mean(accuracies):.3f}")


@case("healthy")
def mushroom_onehot_probabilities(seed: int) -> None:
    torch.manual_seed(seed)
    frame = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").drop_duplicates()
    poisonous = (frame.pop("class") == "p").to_numpy()
    tr, te, ytr, yte = train_test_split(frame, poisonous, test_size=0.3, random_state=seed, stratify=poisonous)
    enc = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(tr)
    Xtr, Xte = torch.Tensor(enc.transform(tr)), torch.Tensor(enc.transform(te))
    ytr, yte = torch.Tensor(ytr), torch.Tensor(yte)
    model = nn.Sequential(nn.Linear(Xtr.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    bce = nn.BCELoss()
    optim = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(8):
        perm = torch.randperm(len(Xtr))
        for chunk in perm.chunk(60):
            optim.zero_grad()
            loss = bce(model(Xtr[chunk]).view(-1), ytr[chunk])
            loss.backward()
            optim.step()
        with torch.no_grad():
            p = model(Xte).view(-1)
        print(f"epoch {epoch} loss {loss.item():.4f} test loss {bce(p, yte).item():.4f} "
              f"test accuracy {((p >= 0.5).float() == yte).float().mean().item():.4f}")  # fmt: skip


@case("healthy")
def card_payments_users_kept_together(seed: int) -> None:
    torch.manual_seed(seed)
    pay = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    pay["log_amount"] = np.log(pay["amount"].clip(lower=0.01))
    earlier = pay.groupby("user")["log_amount"].transform(lambda s: s.shift().expanding().mean())
    pay["against_own_mean"] = (pay["log_amount"] - earlier).fillna(0.0)
    earlier_hour = pay.groupby("user")["hour"].transform(lambda s: s.shift().expanding().mean())
    pay["hour_shift"] = (pay["hour"] - earlier_hour).fillna(0.0)
    pay["previous_online"] = pay.groupby("user")["online"].shift().fillna(0.0)
    pay["hour_sin"], pay["hour_cos"] = np.sin(pay["hour"] / 24 * 2 * np.pi), np.cos(pay["hour"] / 24 * 2 * np.pi)
    used = ["log_amount", "against_own_mean", "hour_shift", "hour_sin", "hour_cos", "foreign", "online",
            "previous_online"]  # fmt: skip
    X, y, users = pay[used].to_numpy(), pay["fraud"].to_numpy(), pay["user"].to_numpy()
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(X, y, users))
    scaler = StandardScaler().fit(X[tr])
    Xt, Xv = (torch.tensor(scaler.transform(X[i]), dtype=torch.float32) for i in (tr, va))
    yt, yv = (torch.tensor(y[i], dtype=torch.float32) for i in (tr, va))
    net = nn.Sequential(nn.Linear(len(used), 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
    lossfn = nn.BCEWithLogitsLoss()
    for epoch in range(12):
        net.train()
        mean_loss = 0
        for i in torch.randperm(len(Xt)).split(128):
            optimizer.zero_grad()
            loss = lossfn(net(Xt[i])[:, 0], yt[i])
            loss.backward()
            optimizer.step()
            mean_loss += loss.item() * len(i) / len(Xt)
        net.eval()
        with torch.no_grad():
            z = net(Xv)[:, 0]
        print(f"epoch {epoch} loss {mean_loss:.4f} val {lossfn(z, yv).item():.4f} "
              f"AP {average_precision_score(yv, z):.4f} AUC {roc_auc_score(yv, z):.4f}")  # fmt: skip
    ranked = yv[z.argsort(descending=True)]
    for k in (50, 100, 200):
        print(f"precision among the {k} most suspicious: {ranked[:k].mean().item():.3f}")


@case("healthy")
def diabetes_progression_above_median(seed: int) -> None:
    torch.manual_seed(seed)
    X, progression = load_diabetes(return_X_y=True, scaled=False)
    X_tr, X_va, p_tr, p_va = train_test_split(X, progression, test_size=0.35, random_state=seed)
    cutoff = np.median(p_tr)
    y_tr, y_va = (p_tr > cutoff).astype("float32"), (p_va > cutoff).astype("float32")
    scaler = StandardScaler()
    X_tr = torch.from_numpy(scaler.fit_transform(X_tr).astype("float32"))
    X_va = torch.from_numpy(scaler.transform(X_va).astype("float32"))
    y_tr, y_va = torch.from_numpy(y_tr).unsqueeze(1), torch.from_numpy(y_va).unsqueeze(1)

    model = nn.Linear(X_tr.shape[1], 1)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, weight_decay=0.01)
    history = {"train": [], "valid": []}
    for _epoch in range(200):
        optimizer.zero_grad()
        loss = criterion(model(X_tr), y_tr)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            history["train"].append(loss.item())
            history["valid"].append(criterion(model(X_va), y_va).item())
    figure, axes = plt.subplots()
    for key, values in history.items():
        axes.plot(values, label=key)
    axes.legend()
    plt.close(figure)
    with torch.no_grad():
        probability = torch.sigmoid(model(X_va))
    print("train loss", history["train"][-1], "valid loss", history["valid"][-1])
    print("accuracy", ((probability > 0.5).float() == y_va).float().mean().item())
    print("auc", roc_auc_score(y_va, probability))


@case("healthy")
def credit_small_grid_search(seed: int) -> None:
    table = load("credit_data").distinct()
    columns = ["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    num = table.features[columns].copy()
    num["Loan_to_price"] = num["Amount"] / num["Price"]
    for c in ("Income", "Assets", "Debt", "Amount", "Price"):
        num[c] = np.log1p(num[c])
    cat = pd.get_dummies(table.features[["Home", "Records", "Job"]], dummy_na=True, dtype=float)
    frame = pd.concat([num, num[["Income", "Assets"]].isna().add_suffix("_missing").astype(float), cat], axis=1)
    y = table.labels
    rest, test = train_test_split(np.arange(len(y)), test_size=0.25, random_state=seed, stratify=y)
    train, valid = train_test_split(rest, test_size=0.25, random_state=seed, stratify=y[rest])
    frame = frame.fillna(frame.iloc[train].median())
    keep = frame.columns[frame.iloc[train].std() > 0]
    z = (frame[keep] - frame.iloc[train][keep].mean()) / frame.iloc[train][keep].std()
    x = torch.tensor(z.to_numpy(), dtype=torch.float32)
    t = torch.tensor(y, dtype=torch.float32)

    def run(lr, weight_decay, hidden, epochs=12):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(x.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, 1))
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=weight_decay)
        for _ in range(epochs):
            for rows in torch.from_numpy(train)[torch.randperm(len(train))].split(64):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(x[rows])[:, 0], t[rows]).backward()
                optimizer.step()
        return model

    results = []
    for lr, wd, hidden in itertools.product((1e-3, 3e-3), (1e-2, 1e-1), (8, 16)):
        model = run(lr, wd, hidden)
        with torch.no_grad():
            score = F.binary_cross_entropy_with_logits(model(x[valid])[:, 0], t[valid]).item()
        results.append((score, lr, wd, hidden, model))
        print(f"lr={lr:g} wd={wd:g} hidden={hidden}: valid log loss {score:.4f}")
    score, lr, wd, hidden, model = min(results, key=lambda r: r[0])
    with torch.no_grad():
        out = model(x[test])[:, 0]
    print(f"chosen lr={lr:g} wd={wd:g} hidden={hidden}; test AUC {roc_auc_score(y[test], out):.4f}")


@case("healthy")
def clinic_no_shows_later_months_held_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 6000
    day = pd.Timestamp("2022-01-03") + pd.to_timedelta(np.sort(rng.integers(0, 600, n)), unit="D")
    lead = rng.gamma(1.2, 12, n).astype(int)
    fee = np.exp(rng.normal(3.5, 1.0, n)).round(2)
    missed_before = rng.poisson(0.6, n)
    reminder = rng.integers(0, 2, n)
    age = rng.integers(18, 90, n)
    score = (-1.9 + 0.05 * lead + 0.7 * missed_before - 0.9 * reminder - 0.02 * (age - 50)
             + 0.5 * np.isin(day.dayofweek, [0, 4]) + 0.25 * np.log(fee) - 0.7)  # fmt: skip
    no_show = (rng.random(n) < 1 / (1 + np.exp(-score))).astype(int)
    df = pd.DataFrame({"day": day, "lead": lead, "fee": fee, "missed": missed_before, "reminder": reminder, "age": age,
                       "no_show": no_show})  # fmt: skip

    torch.manual_seed(seed)
    train, valid = df[df["day"] < "2023-03-01"], df[df["day"] >= "2023-03-01"]

    def features(part):
        weekday = np.eye(7)[part["day"].dt.dayofweek]
        angle = 2 * np.pi * part["day"].dt.dayofyear / 365.25
        plain = np.column_stack([np.log1p(part["lead"]), np.log(part["fee"]), np.sqrt(part["missed"]),
                                 part["reminder"], part["age"] / 10, np.sin(angle), np.cos(angle)])  # fmt: skip
        return np.hstack([plain, weekday])

    scaler = StandardScaler().fit(features(train))
    xt = torch.tensor(scaler.transform(features(train)), dtype=torch.float32)
    xv = torch.tensor(scaler.transform(features(valid)), dtype=torch.float32)
    yt = torch.tensor(train["no_show"].to_numpy(), dtype=torch.float32)
    yv = torch.tensor(valid["no_show"].to_numpy(), dtype=torch.float32)
    net = nn.Sequential(nn.Linear(xt.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)
    decay = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
    loader = DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True)
    for epoch in range(15):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(-1), yb)
            loss.backward()
            optimizer.step()
        decay.step()
        with torch.no_grad():
            zt, zv = net(xt).squeeze(-1), net(xv).squeeze(-1)
        print(f"epoch {epoch + 1}: train {F.binary_cross_entropy_with_logits(zt, yt):.4f} "
              f"later {F.binary_cross_entropy_with_logits(zv, yv):.4f} auc {roc_auc_score(yv, zv):.4f}")  # fmt: skip
    print(f"accuracy {((zv > 0).float() == yv).float().mean():.3f}, always the majority: "
          f"{max(yv.mean(), 1 - yv.mean()):.3f}")  # fmt: skip


class FactorisationMachine(nn.Module):
    def __init__(self, n_values, k=6):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1))
        self.weight = nn.Embedding(n_values, 1)
        self.factors = nn.Embedding(n_values, k)
        nn.init.zeros_(self.weight.weight)
        nn.init.normal_(self.factors.weight, std=0.05)

    def forward(self, index):
        v = self.factors(index)
        pairs = 0.5 * (v.sum(1) ** 2 - (v**2).sum(1)).sum(1)
        return self.bias + self.weight(index).sum(dim=(1, 2)) + pairs


@case("healthy")
def adult_factorisation_machine(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(6000, random_state=seed)
    target = torch.tensor(df.pop("income_gt_50k").to_numpy(), dtype=torch.float32)
    df["age"] = pd.cut(df["age"], [0, 22, 27, 32, 37, 42, 47, 52, 57, 62, 67, 120], labels=False)
    df["hours-per-week"] = pd.cut(df["hours-per-week"], [0, 20, 34, 39, 40, 45, 50, 60, 100], labels=False)
    df["capital-gain"] = pd.cut(df["capital-gain"], [-1, 0, 3000, 5000, 7000, 10000, 1e6], labels=False)
    df["capital-loss"] = pd.cut(df["capital-loss"], [-1, 0, 1500, 1800, 2000, 1e6], labels=False)
    df = df.drop(columns=["education", "race", "gender"])
    columns, offset = [], 0
    for name in df.columns:
        codes, values = pd.factorize(df[name])
        columns.append(codes + offset)
        offset += len(values)
    index = torch.tensor(np.column_stack(columns), dtype=torch.long)
    train, valid = train_test_split(torch.arange(len(index)), test_size=0.3, random_state=seed, stratify=target)

    fm = FactorisationMachine(offset)
    opt = torch.optim.AdamW(fm.parameters(), lr=0.01, weight_decay=0.1)
    for epoch in range(5):
        fm.train()
        losses = []
        for rows in train[torch.randperm(len(train))].split(100):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(fm(index[rows]), target[rows])
            loss.backward()
            opt.step()
            losses.append(loss.item())
        fm.eval()
        with torch.no_grad():
            z = fm(index[valid])
            val = F.binary_cross_entropy_with_logits(z, target[valid]).item()
        print(f"epoch {epoch} train {np.mean(losses):.4f} val {val:.4f} auc {roc_auc_score(target[valid], z):.4f} "
              f"acc {((z > 0).float() == target[valid]).float().mean().item():.4f}")  # fmt: skip


@case("healthy")
def patients_with_several_visits_grouped_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_patients, visits = 300, 6
    ill = rng.integers(0, 2, n_patients)
    person = rng.normal(0, 1, (n_patients, 10)) + ill[:, None] * rng.permutation([0.9, 0.7, 0.5, 0.4] + [0] * 6)
    who = np.repeat(np.arange(n_patients), visits)
    X = person[who] + rng.normal(0, 0.7, (len(who), 10))
    X[:, :3] = np.exp(X[:, :3] * 0.5 + 3)
    y = ill[who]

    torch.manual_seed(seed)
    splitter = GroupShuffleSplit(n_splits=1, test_size=0.4, random_state=seed)
    tr, va = next(splitter.split(X, y, groups=who))
    assert not set(who[tr]) & set(who[va])
    X[:, :3] = np.log(X[:, :3])
    mean, std = X[tr].mean(0), X[tr].std(0)
    X = torch.tensor((X - mean) / std, dtype=torch.float32)
    Y = torch.tensor(y, dtype=torch.float32)
    model = nn.Linear(10, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=3e-3)
    for epoch in range(25):
        for rows in torch.from_numpy(tr)[torch.randperm(len(tr))].split(90):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X[rows]).squeeze(1), Y[rows])
            loss.backward()
            optimizer.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                z = model(X[va]).squeeze(1)
            print(epoch + 1, f"{loss.item():.3f}", f"{F.binary_cross_entropy_with_logits(z, Y[va]).item():.3f}",
                  f"visit auc {roc_auc_score(y[va], z):.3f}")  # fmt: skip
    per_patient = pd.DataFrame({"who": who[va], "y": y[va], "p": z.sigmoid().numpy()}).groupby("who").mean()
    print(f"patient accuracy {((per_patient.p > 0.5) == per_patient.y).mean():.3f} "
          f"auc {roc_auc_score(per_patient.y, per_patient.p):.3f}")  # fmt: skip


@case("healthy")
def churn_ensemble_of_five_with_checkpoints(seed: int) -> None:
    ds = load("mlc_churn").distinct()
    df = ds.features.drop(columns=["state", "area_code"])
    for c in ("international_plan", "voice_mail_plan"):
        df[c] = (df[c] == "yes").astype(int)
    X, y = df.to_numpy(dtype=np.float32), ds.labels
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    A, B = torch.from_numpy(scaler.transform(X_train)), torch.from_numpy(scaler.transform(X_test))
    target = torch.from_numpy(y_train)

    def build():
        return nn.Sequential(nn.Linear(A.shape[1], 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 2))

    with tempfile.TemporaryDirectory() as folder:
        for member in range(5):
            torch.manual_seed(1000 * seed + member)
            net = build()
            optimizer = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-4)
            for _epoch in range(20):
                for rows in torch.randperm(len(A)).split(128):
                    optimizer.zero_grad()
                    loss = F.cross_entropy(net(A[rows]), target[rows])
                    loss.backward()
                    optimizer.step()
            torch.save(net.state_dict(), f"{folder}/member{member}.pt")
            print("member", member, "last batch loss", round(loss.item(), 4))
        probabilities = []
        for member in range(5):
            net = build()
            net.load_state_dict(torch.load(f"{folder}/member{member}.pt"))
            net.eval()
            with torch.no_grad():
                probabilities.append(F.softmax(net(B), dim=1)[:, 1].numpy())
            print("member", member, "auc", round(roc_auc_score(y_test, probabilities[-1]), 4))
    mean = np.mean(probabilities, axis=0)
    print("ensemble auc", round(roc_auc_score(y_test, mean), 4), "log loss", round(log_loss(y_test, mean), 4),
          "f1", round(f1_score(y_test, mean > 0.5), 4))  # fmt: skip


# ---------------------------------------------------------------- images


class SmallCNN(nn.Module):
    def __init__(self, channels=12, dropout=0.25, size=8):
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, 2 * channels, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(2 * channels * (size // 2) ** 2, 1)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool(F.relu(self.conv2(x)))
        return self.fc(self.dropout(x.flatten(1)))


def train_one_epoch(model, loader, criterion, optimizer):
    model.train()
    total, count = 0.0, 0
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(inputs)
        count += len(inputs)
    return total / count


@torch.no_grad()
def evaluate(model, loader, criterion):
    model.eval()
    outputs, targets = zip(*[(model(x), y) for x, y in loader], strict=True)
    outputs, targets = torch.cat(outputs), torch.cat(targets)
    return criterion(outputs, targets).item(), outputs, targets


@case("healthy")
def digits_odd_or_even_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    odd = torch.tensor(digits.target % 2, dtype=torch.float32).unsqueeze(1)
    train, valid = train_test_split(range(len(images)), test_size=0.3, random_state=seed, stratify=digits.target)
    train_loader = DataLoader(TensorDataset(images[train], odd[train]), batch_size=32, shuffle=True)
    valid_loader = DataLoader(TensorDataset(images[valid], odd[valid]), batch_size=256)
    model = SmallCNN()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(12):
        train_loss = train_one_epoch(model, train_loader, criterion, optimizer)
        valid_loss, logits, targets = evaluate(model, valid_loader, criterion)
        accuracy = ((logits > 0) == (targets > 0.5)).float().mean().item()
        print(f"Epoch {epoch + 1}/12 - loss: {train_loss:.4f} - val_loss: {valid_loss:.4f} - val_acc: {accuracy:.4f}")


@case("healthy")
def digits_three_against_five_linear(seed: int) -> None:
    torch.manual_seed(seed)
    X, t = load_digits(return_X_y=True)
    mask = (t == 3) | (t == 5)
    X, y = X[mask] / 16.0, (t[mask] == 5).astype(int)
    X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.4, random_state=seed, stratify=y)
    X_train, X_valid = torch.FloatTensor(X_train), torch.FloatTensor(X_valid)
    y_train, y_valid = torch.LongTensor(y_train), torch.LongTensor(y_valid)
    W = torch.zeros(64, 2, requires_grad=True)
    b = torch.zeros(2, requires_grad=True)
    lr = 0.5
    for step in range(300):
        log_probs = F.log_softmax(X_train @ W + b, dim=1)
        loss = F.nll_loss(log_probs, y_train)
        loss.backward()
        with torch.no_grad():
            for p in (W, b):
                p -= lr * p.grad
                p.grad.zero_()
        if (step + 1) % 50 == 0:
            with torch.no_grad():
                scores = X_valid @ W + b
                print(step + 1, f"train {loss.item():.4f} valid {F.cross_entropy(scores, y_valid).item():.4f}",
                      f"correct {(scores.argmax(1) == y_valid).sum().item()} of {len(y_valid)}")  # fmt: skip


class ShiftedDigits(Dataset):
    """The digits on a canvas with an empty border, moved by up to one pixel while training."""

    def __init__(self, images, labels, shift=0):
        self.images, self.labels, self.shift = images, labels, shift

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = F.pad(self.images[i], (1, 1, 1, 1))
        if self.shift:
            dy, dx = torch.randint(-self.shift, self.shift + 1, (2,)).tolist()
            image = image.roll((dy, dx), dims=(1, 2))
        return image, self.labels[i]


@case("healthy")
def digit_eight_shifted_images_threshold_from_valid(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    x = torch.tensor(bunch.images[:, None] / 16.0, dtype=torch.float32)
    y = torch.tensor(bunch.target == 8, dtype=torch.float32).view(-1, 1)
    rest, test = train_test_split(np.arange(len(x)), test_size=0.25, stratify=bunch.target, random_state=seed)
    train, valid = train_test_split(rest, test_size=0.25, stratify=bunch.target[rest], random_state=seed)
    train_loader = DataLoader(ShiftedDigits(x[train], y[train], shift=1), batch_size=32, shuffle=True)
    valid_loader = DataLoader(ShiftedDigits(x[valid], y[valid]), batch_size=256)
    test_loader = DataLoader(ShiftedDigits(x[test], y[test]), batch_size=256)

    net = SmallCNN(channels=16, dropout=0.1, size=10)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
    for epoch in range(20):
        loss = train_one_epoch(net, train_loader, criterion, optimizer)
        scheduler.step()
        val_loss, out, target = evaluate(net, valid_loader, criterion)
        print(f"epoch {epoch} loss {loss:.4f} valid loss {val_loss:.4f} "
              f"average precision {average_precision_score(target, out):.4f}")  # fmt: skip
    precision, recall, thresholds = precision_recall_curve(target[:, 0], out[:, 0])
    f1 = 2 * precision * recall / (precision + recall + 1e-12)
    cut = thresholds[f1[:-1].argmax()]
    _, out, target = evaluate(net, test_loader, criterion)
    print(f"logit threshold {cut:.2f}: test F1 {f1_score(target[:, 0], out[:, 0] >= float(cut)):.3f}, "
          f"AP {average_precision_score(target, out):.4f}")  # fmt: skip


def draw_shapes(n, size, rng):
    yy, xx = np.mgrid[:size, :size]
    images = np.zeros((n, 1, size, size), dtype=np.float32)
    labels = rng.integers(0, 2, n)
    for k in range(n):
        cx, cy = rng.uniform(size * 0.35, size * 0.65, 2)
        r = rng.uniform(size * 0.2, size * 0.32)
        if labels[k]:
            inside = (xx - cx) ** 2 + (yy - cy) ** 2 < r**2
        else:
            half = r * np.sqrt(np.pi) / 2
            inside = (abs(xx - cx) < half) & (abs(yy - cy) < half)
        images[k, 0] = inside * rng.uniform(0.6, 1.0)
    return images + rng.normal(0, 0.15, images.shape).astype(np.float32), labels.astype(np.float32)


@case("healthy")
def discs_and_squares_batchnorm_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X_train, y_train = map(torch.from_numpy, draw_shapes(1500, 20, rng))
    X_val, y_val = map(torch.from_numpy, draw_shapes(500, 20, rng))
    mean, std = X_train.mean(), X_train.std()
    X_train, X_val = (X_train - mean) / std, (X_val - mean) / std

    def block(i, o):
        return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))

    net = nn.Sequential(block(1, 8), block(8, 16), block(16, 16), nn.Flatten(), nn.Linear(16 * 4, 1), nn.Flatten(0))
    epochs = 8
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True)
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, 0.1, epochs=epochs, steps_per_epoch=len(loader))
    crit = nn.BCEWithLogitsLoss()
    for epoch in range(epochs):
        net.train()
        s = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = crit(net(xb), yb)
            loss.backward()
            opt.step()
            sched.step()
            s += loss.item()
        net.eval()
        with torch.no_grad():
            z = net(X_val)
        print(f"{epoch}: {s / len(loader):.3f} {crit(z, y_val):.3f} acc {((z > 0) == y_val.bool()).float().mean():.3f}")


class ResBlock2d(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = nn.Conv2d(c, c, 3, padding=1)
        self.b = nn.Conv2d(c, c, 3, padding=1)
        self.na, self.nb = nn.GroupNorm(4, c), nn.GroupNorm(4, c)

    def forward(self, x):
        return F.relu(x + self.nb(self.b(F.relu(self.na(self.a(x))))))


@case("healthy")
def stripe_textures_residual_net(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def textures(n):
        label = rng.integers(0, 2, n)
        yy, xx = np.mgrid[:16, :16] / 16
        angle = np.where(label == 1, rng.normal(45, 12, n), rng.normal(-45, 12, n)) * np.pi / 180
        freq, phase = rng.uniform(2, 4, n), rng.uniform(0, 2 * np.pi, n)
        direction = np.cos(angle)[:, None, None] * xx + np.sin(angle)[:, None, None] * yy
        waves = np.sin(2 * np.pi * freq[:, None, None] * direction + phase[:, None, None])
        return (waves + rng.normal(0, 1.0, waves.shape)).astype(np.float32)[:, None], label

    torch.manual_seed(seed)
    (xa, ya), (xb, yb) = textures(1000), textures(500)
    xa, xb, ya, yb = torch.tensor(xa), torch.tensor(xb), torch.tensor(ya), torch.tensor(yb)
    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), ResBlock2d(12), nn.MaxPool2d(2), ResBlock2d(12),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 2),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3)
    for epoch in range(6):
        net.train()
        for rows in torch.randperm(len(xa)).split(50):
            loss = F.cross_entropy(net(xa[rows]), ya[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            out = net(xb)
            print(f"epoch {epoch + 1} batch loss {loss.item():.4f} val loss {F.cross_entropy(out, yb).item():.4f} "
                  f"val acc {(out.argmax(dim=1) == yb).float().mean().item():.4f}")  # fmt: skip


@case("healthy")
def digits_pretrained_body_then_fine_tuned(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    images = torch.tensor(bunch.images, dtype=torch.float32)[:, None] / 16
    digit = torch.tensor(bunch.target)
    body = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.AdaptiveMaxPool2d(2), nn.Flatten(),
    )  # fmt: skip

    source = (digit != 8) & (digit != 9)
    xs, ys = images[source], digit[source]
    pretrain = nn.Sequential(body, nn.Linear(128, 8))
    opt = torch.optim.Adam(pretrain.parameters(), lr=2e-3)
    for epoch in range(6):
        for rows in torch.randperm(len(xs)).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(pretrain(xs[rows]), ys[rows])
            loss.backward()
            opt.step()
        print(f"pretraining epoch {epoch} loss {loss.item():.4f}")

    xt, yt = images[~source], (digit[~source] == 9).float()
    a, b = train_test_split(np.arange(len(xt)), test_size=0.5, random_state=seed, stratify=yt)
    model = nn.Sequential(body, nn.Linear(128, 1))
    optimizer = torch.optim.Adam(
        [{"params": model[0].parameters(), "lr": 4e-4}, {"params": model[1].parameters(), "lr": 5e-3}]
    )
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(24):
        for rows in torch.from_numpy(a)[torch.randperm(len(a))].split(16):
            optimizer.zero_grad()
            loss = criterion(model(xt[rows]).squeeze(1), yt[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            z, za = model(xt[b]).squeeze(1), model(xt[a]).squeeze(1)
        print(f"epoch {epoch} train {criterion(za, yt[a]):.4f} valid {criterion(z, yt[b]):.4f} "
              f"accuracy {((z > 0).float() == yt[b]).float().mean():.4f}")  # fmt: skip


@case("healthy")
def microscope_one_or_two_cells(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    grid = torch.stack(torch.meshgrid(torch.arange(24.0), torch.arange(24.0), indexing="ij"))

    def spot(centre, width):
        d = ((grid[None] - centre[:, :, None, None]) ** 2).sum(1)
        return torch.exp(-d / (2 * width[:, None, None] ** 2))

    def sample(n):
        two = torch.rand(n, generator=g) < 0.4
        first = 4 + 16 * torch.rand(n, 2, generator=g)
        angle, gap = 6.2832 * torch.rand(n, generator=g), 7 + 4 * torch.rand(n, generator=g)
        second = (first + gap[:, None] * torch.stack([angle.sin(), angle.cos()], 1)).clamp(2, 21)
        w = 1.8 + 1.2 * torch.rand(n, 2, generator=g)
        image = spot(first, w[:, 0]) + two[:, None, None] * spot(second, w[:, 1])
        bright = (0.7 + 0.6 * torch.rand(n, 1, 1, generator=g)) * image / (1 + 0.5 * two[:, None, None])
        return (bright + 0.1 * torch.randn(n, 24, 24, generator=g)).unsqueeze(1), two.float()

    torch.manual_seed(seed)
    x_train, y_train = sample(1200)
    x_valid, y_valid = sample(500)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5, padding=2), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(16, 1), nn.Sigmoid(), nn.Flatten(0),
    )  # fmt: skip
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for epoch in range(12):
        loss = train_one_epoch(model, loader, criterion, optimizer)
        model.eval()
        with torch.no_grad():
            p = model(x_valid)
        print(f"epoch {epoch:2d} {loss:.4f} {criterion(p, y_valid).item():.4f} auc {roc_auc_score(y_valid, p):.4f} "
              f"f1 {f1_score(y_valid, p > 0.5):.4f}")  # fmt: skip


class PatchTransformer(nn.Module):
    def __init__(self, dim=32, heads=4, layers=1):
        super().__init__()
        self.embed = nn.Conv2d(1, dim, kernel_size=2, stride=2)
        self.position = nn.Parameter(0.2 * torch.randn(1, 16, dim))
        layer = nn.TransformerEncoderLayer(dim, heads, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(dim), nn.Flatten(), nn.Linear(16 * dim, 1))

    def forward(self, images):
        tokens = self.embed(images).flatten(2).transpose(1, 2)
        tokens = tokens + self.position
        return self.head(self.encoder(tokens)).squeeze(-1)


@case("healthy")
def digits_with_a_closed_loop_patch_transformer(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    x = torch.tensor(bunch.images, dtype=torch.float32).unsqueeze(1) / 8 - 1
    y = torch.tensor(np.isin(bunch.target, [0, 6, 8, 9])).float()
    tr, va = train_test_split(np.arange(len(x)), test_size=0.3, stratify=bunch.target, random_state=seed)
    net = PatchTransformer()
    loader = DataLoader(TensorDataset(x[tr], y[tr]), batch_size=64, shuffle=True)
    epochs, warmup = 10, 20
    total = epochs * len(loader)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda s: min(1.0, (s + 1) / warmup) * 0.5 * (1 + np.cos(np.pi * min(s, total) / total))
    )
    for epoch in range(epochs):
        net.train()
        losses = []
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            sched.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            z = net(x[va])
            val = F.binary_cross_entropy_with_logits(z, y[va]).item()
        print(f"epoch {epoch + 1:2d} lr {sched.get_last_lr()[0]:.2e} train {sum(losses) / len(losses):.4f} "
              f"val {val:.4f} acc {((z > 0) == (y[va] == 1)).float().mean().item():.4f}")  # fmt: skip


# ---------------------------------------------------------------- text


def sms(seed, test_size=0.25):
    ds = load("sms_spam").distinct()
    text, label = ds.features.iloc[:, 0].tolist(), ds.labels
    return train_test_split(text, label, test_size=test_size, random_state=seed, stratify=label)


@case("healthy")
def sms_bag_of_words_logistic(seed: int) -> None:
    torch.manual_seed(seed)
    train_text, valid_text, y_train, y_valid = sms(seed)
    vectorizer = CountVectorizer(binary=True, min_df=3, max_features=1500)
    X_train = torch.tensor(vectorizer.fit_transform(train_text).toarray(), dtype=torch.float32)
    X_valid = torch.tensor(vectorizer.transform(valid_text).toarray(), dtype=torch.float32)
    y_train, y_valid = torch.tensor(y_train).float(), torch.tensor(y_valid).float()
    model = nn.Linear(X_train.shape[1], 1)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-4)
    for epoch in range(10):
        for rows in torch.randperm(len(X_train)).split(64):
            optimizer.zero_grad()
            loss = criterion(model(X_train[rows]).squeeze(1), y_train[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            z_train, z_valid = model(X_train).squeeze(1), model(X_valid).squeeze(1)
        print(f"epoch {epoch} train {criterion(z_train, y_train).item():.4f} "
              f"valid {criterion(z_valid, y_valid).item():.4f} f1 {f1_score(y_valid, z_valid > 0):.4f}")  # fmt: skip
    print(classification_report(y_valid, z_valid > 0, target_names=["ham", "spam"]))
    weight = model.weight.detach()[0]
    words = vectorizer.get_feature_names_out()
    print("most spammy:", ", ".join(words[weight.argsort(descending=True)[:10].numpy()]))


@case("healthy")
def sms_character_ngrams_tfidf_mlp(seed: int) -> None:
    torch.manual_seed(seed)
    a, b, ya, yb = sms(seed, 0.3)
    tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=5, max_features=4000, sublinear_tf=True)
    xa = torch.tensor(tfidf.fit_transform(a).toarray(), dtype=torch.float32)
    xb = torch.tensor(tfidf.transform(b).toarray(), dtype=torch.float32)
    ya, yb = torch.tensor(ya), torch.tensor(yb)
    mlp = nn.Sequential(nn.Linear(4000, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 2))
    optimizer = torch.optim.AdamW(mlp.parameters(), lr=2e-3, weight_decay=0.02)
    ce = nn.CrossEntropyLoss()
    for epoch in range(5):
        mlp.train()
        mean = 0.0
        for rows in torch.randperm(len(xa)).split(64):
            optimizer.zero_grad()
            loss = ce(mlp(xa[rows]), ya[rows])
            loss.backward()
            optimizer.step()
            mean += loss.item() * len(rows) / len(xa)
        mlp.eval()
        with torch.no_grad():
            out = mlp(xb)
        print(f"{epoch} train {mean:.4f} val {ce(out, yb).item():.4f} "
              f"balanced {balanced_accuracy_score(yb, out.argmax(1)):.4f} "
              f"auc {roc_auc_score(yb, out.softmax(1)[:, 1]):.4f}")  # fmt: skip


class BagClassifier(nn.Module):
    def __init__(self, vocabulary, dim):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocabulary, dim, mode="mean")
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(dim, 1)

    def forward(self, tokens, offsets):
        return self.out(self.drop(self.bag(tokens, offsets))).squeeze(1)


@case("healthy")
def sms_embedding_bag_with_offsets(seed: int) -> None:
    torch.manual_seed(seed)
    train_text, valid_text, y_train, y_valid = sms(seed)
    analyse = CountVectorizer().build_analyzer()
    counts = Counter(w for t in train_text for w in analyse(t))
    index = {w: i + 1 for i, w in enumerate(w for w, c in counts.items() if c >= 2)}

    def encode(texts):
        return [torch.tensor([index.get(w, 0) for w in analyse(t)] or [0]) for t in texts]

    def collate(batch):
        tokens, labels = zip(*batch, strict=True)
        lengths = torch.tensor([0] + [len(t) for t in tokens[:-1]])
        return torch.cat(tokens), lengths.cumsum(0), torch.tensor(labels, dtype=torch.float32)

    pairs = list(zip(encode(train_text), y_train, strict=True))
    held = list(zip(encode(valid_text), y_valid, strict=True))
    train_loader = DataLoader(pairs, batch_size=32, shuffle=True, collate_fn=collate)
    valid_loader = DataLoader(held, batch_size=256, collate_fn=collate)
    model = BagClassifier(len(index) + 1, 16)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(8):
        model.train()
        total = 0.0
        for tokens, offsets, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(tokens, offsets), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        model.eval()
        scores, truth = [], []
        with torch.no_grad():
            for tokens, offsets, labels in valid_loader:
                scores.append(model(tokens, offsets))
                truth.append(labels)
        scores, truth = torch.cat(scores), torch.cat(truth)
        print(f"epoch {epoch + 1} loss {total / len(pairs):.4f} val loss {criterion(scores, truth).item():.4f} "
              f"val f1 {f1_score(truth, scores > 0):.3f}")  # fmt: skip


class GRUClassifier(nn.Module):
    def __init__(self, vocabulary, dim=24, hidden=24):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.3)
        self.linear = nn.Linear(2 * hidden, 1)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.linear(self.dropout(torch.cat([h[0], h[1]], dim=1))).squeeze(1)


@case("healthy")
def sms_packed_bidirectional_gru(seed: int) -> None:
    torch.manual_seed(seed)
    train_text, valid_text, y_train, y_valid = sms(seed)

    def words_of(t):
        return re.findall(r"[a-z]+|0+|[^\w\s]", re.sub(r"\d", "0", t.lower()))[:28] or ["?"]

    words = Counter(w for t in train_text for w in words_of(t))
    vocabulary = {w: i + 2 for i, (w, _) in enumerate(words.most_common(2000))}

    def tensors(texts):
        ids = [torch.tensor([vocabulary.get(w, 1) for w in words_of(t)]) for t in texts]
        return pad_sequence(ids, batch_first=True), torch.tensor([len(i) for i in ids])

    ids, lengths = tensors(train_text)
    vids, vlengths = tensors(valid_text)
    y_train, y_valid = torch.tensor(y_train).float(), torch.tensor(y_valid).float()
    loader = DataLoader(TensorDataset(ids, lengths, y_train), batch_size=64, shuffle=True)
    net = GRUClassifier(len(vocabulary) + 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
    best, best_weights = float("inf"), None
    for epoch in range(4):
        net.train()
        total = 0.0
        for xb, lb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb, lb), yb)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            total += loss.item()
        net.eval()
        with torch.no_grad():
            z = net(vids, vlengths)
            val = F.binary_cross_entropy_with_logits(z, y_valid).item()
        if val < best:
            best, best_weights = val, {k: v.clone() for k, v in net.state_dict().items()}
        print(f"epoch {epoch}: train {total / len(loader):.4f} valid {val:.4f} f1 {f1_score(y_valid, z > 0):.4f}")
    net.load_state_dict(best_weights)
    net.eval()
    with torch.no_grad():
        z = net(vids, vlengths)
    print(f"kept: valid {best:.4f}, f1 {f1_score(y_valid, z > 0):.4f}, auc {roc_auc_score(y_valid, z):.4f}")


@case("healthy")
def sms_convolutions_of_three_widths(seed: int) -> None:
    torch.manual_seed(seed)
    texts, held_texts, y, y_held = sms(seed)
    token = CountVectorizer(
        preprocessor=lambda t: re.sub(r"\d", "0", t.lower()), token_pattern=r"[a-z']+|0+|[£!?]"
    ).build_analyzer()
    vocab = {"<pad>": 0, "<unk>": 1}
    for word, n in Counter(w for t in texts for w in token(t)).items():
        if n > 2:
            vocab[word] = len(vocab)
    length = 40

    def to_ids(batch):
        out = torch.zeros(len(batch), length, dtype=torch.long)
        for row, t in enumerate(batch):
            ids = [vocab.get(w, 1) for w in token(t)][:length]
            out[row, : len(ids)] = torch.tensor(ids, dtype=torch.long)
        return out

    class TextCNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
            self.convs = nn.ModuleList(nn.Conv1d(24, 16, k, padding=k // 2) for k in (1, 3, 5))
            self.drop = nn.Dropout(0.4)
            self.fc = nn.Linear(48, 1)

        def forward(self, ids):
            e = self.emb(ids).transpose(1, 2)
            pooled = [F.relu(c(e)).amax(dim=2) for c in self.convs]
            return self.fc(self.drop(torch.cat(pooled, 1)))[:, 0]

    X, V = to_ids(texts), to_ids(held_texts)
    y, y_held = torch.tensor(y, dtype=torch.float32), torch.tensor(y_held, dtype=torch.float32)
    model = TextCNN()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(7):
        model.train()
        losses = []
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X[i]), y[i])
            loss.backward()
            opt.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            z = model(V)
        print(f"epoch {epoch}: loss {np.mean(losses):.4f} "
              f"held-out loss {F.binary_cross_entropy_with_logits(z, y_held).item():.4f} "
              f"f1 {f1_score(y_held, z > 0):.3f} auc {roc_auc_score(y_held, z):.4f}")  # fmt: skip


class AttentionPooling(nn.Module):
    def __init__(self, n_words, dim=20):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=0)
        self.score = nn.Sequential(nn.Linear(dim, 16), nn.Tanh(), nn.Linear(16, 1))
        self.classify = nn.Sequential(nn.Dropout(0.3), nn.Linear(dim, 1))

    def forward(self, ids):
        e = self.words(ids)
        s = self.score(e).squeeze(-1).masked_fill(ids == 0, float("-inf"))
        a = torch.softmax(s, dim=1)
        return self.classify((a.unsqueeze(-1) * e).sum(1)).squeeze(1)


@case("healthy")
def sms_attention_pooling_masked(seed: int) -> None:
    torch.manual_seed(seed)
    ds = load("sms_spam").distinct()
    text = ds.features.iloc[:, 0].str.lower().str.replace(r"\d", "0", regex=True).str.findall(r"\w+|[^\w\s]").tolist()
    y = torch.tensor(ds.labels, dtype=torch.float32)
    rest, test = train_test_split(np.arange(len(y)), test_size=0.2, random_state=seed, stratify=y)
    train, valid = train_test_split(rest, test_size=0.2, random_state=seed, stratify=y[rest])
    seen = Counter(w for i in train for w in text[i])
    number = {w: k + 2 for k, w in enumerate(w for w, n in seen.items() if n > 1)}
    ids = pad_sequence([torch.tensor([number.get(w, 1) for w in t[:80]] or [1]) for t in text], batch_first=True)
    model = AttentionPooling(len(number) + 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    best, patience, state = np.inf, 0, None
    for epoch in range(25):
        model.train()
        total = 0.0
        for rows in torch.tensor(train)[torch.randperm(len(train))].split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(ids[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        model.eval()
        with torch.no_grad():
            val = F.binary_cross_entropy_with_logits(model(ids[valid]), y[valid]).item()
        print(f"epoch {epoch} train {total / len(train):.4f} valid {val:.4f}")
        if val < best:
            best, patience, state = val, 0, copy.deepcopy(model.state_dict())
        else:
            patience += 1
            if patience >= 2:
                break
    model.load_state_dict(state)
    with torch.no_grad():
        p = torch.sigmoid(model(ids[test])).numpy()
    truth = y[test].numpy()
    print(f"test: f1 {f1_score(truth, p > 0.5):.4f} auc {roc_auc_score(truth, p):.4f}")
    print(confusion_matrix(truth, p > 0.5))


@case("healthy")
def first_names_letter_ngrams_logistic(seed: int) -> None:
    torch.manual_seed(seed)
    names = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.sort_values("percent", ascending=False).drop_duplicates("name").head(3000)
    men = (names["list"] == "M").to_numpy()
    tr, va = train_test_split(np.arange(len(men)), test_size=0.25, stratify=men, random_state=seed)
    ngrams = CountVectorizer(analyzer="char_wb", ngram_range=(1, 3), binary=True)
    ngrams.fit(names["name"].iloc[tr])
    x = torch.tensor(ngrams.transform(names["name"]).toarray(), dtype=torch.float32)
    y = torch.tensor(men, dtype=torch.float32)
    net = nn.Linear(x.shape[1], 1)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-3)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, [8, 12], gamma=0.3)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(x[tr], y[tr]), batch_size=64, shuffle=True)
    for epoch in range(15):
        total = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = criterion(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
            total += loss.item() * len(yb)
        sched.step()
        with torch.no_grad():
            z = net(x[va]).squeeze(1)
        print(
            f"epoch {epoch} train {total / len(tr):.4f} valid {criterion(z, y[va]).item():.4f} "
            f"auc {roc_auc_score(y[va], z):.4f} accuracy {((z > 0).float() == y[va]).float().mean().item():.4f}"
        )


@case("healthy")
def sms_hashed_words_weighted_then_tested(seed: int) -> None:
    torch.manual_seed(seed)
    ds = load("sms_spam").distinct()
    texts, labels = ds.features.iloc[:, 0].to_numpy(), ds.labels
    rest, test = train_test_split(np.arange(len(texts)), test_size=0.25, stratify=labels, random_state=seed)
    train, dev = train_test_split(rest, test_size=0.25, stratify=labels[rest], random_state=seed)
    hasher = HashingVectorizer(n_features=2**11, ngram_range=(1, 2), norm="l2")

    def matrix(rows):
        return torch.tensor(hasher.transform(texts[rows]).toarray(), dtype=torch.float32)

    X, Y = matrix(train), torch.tensor(labels[train], dtype=torch.float32)
    pos_weight = (Y == 0).sum() / (Y == 1).sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    model = nn.Linear(X.shape[1], 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03, weight_decay=1e-5)
    X_dev, Y_dev = matrix(dev), torch.tensor(labels[dev], dtype=torch.float32)
    for epoch in range(12):
        running = 0.0
        for rows in torch.randperm(len(X)).split(128):
            optimizer.zero_grad()
            loss = criterion(model(X[rows]).squeeze(1), Y[rows])
            loss.backward()
            optimizer.step()
            running += loss.item() * len(rows)
        with torch.no_grad():
            dev_logits = model(X_dev).squeeze(1)
        print(f"epoch {epoch:2d} train {running / len(X):.4f} dev {criterion(dev_logits, Y_dev).item():.4f} "
              f"dev AP {average_precision_score(Y_dev, dev_logits):.4f}")  # fmt: skip
    precision, recall, cuts = precision_recall_curve(Y_dev, dev_logits)
    cut = float(cuts[(2 * precision * recall / (precision + recall + 1e-9))[:-1].argmax()])
    with torch.no_grad():
        flagged = (model(matrix(test)).squeeze(1) >= cut).numpy()
    print(f"cut at logit {cut:.2f}")
    print(classification_report(labels[test], flagged, digits=3))


# ---------------------------------------------------------------- signals and time series


@case("healthy")
def sine_or_square_wave_conv1d(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n, length = 1200, 64
    time = np.arange(length) / length
    label = rng.integers(0, 2, n)
    wave = np.sin(2 * np.pi * (rng.uniform(2, 5, (n, 1)) * time + rng.random((n, 1))))
    wave = np.where(label[:, None] == 1, 0.75 * np.sign(wave), wave) * rng.uniform(0.8, 1.2, (n, 1))
    signal = torch.tensor(wave + rng.normal(0, 0.4, wave.shape), dtype=torch.float32).unsqueeze(1)
    target = torch.tensor(label, dtype=torch.float32)
    train, valid = torch.utils.data.random_split(
        TensorDataset(signal, target), [800, 400], generator=torch.Generator().manual_seed(seed)
    )
    net = nn.Sequential(
        nn.Conv1d(1, 16, 7, padding=3), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(16, 32, 5, padding=2), nn.BatchNorm1d(32), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(),
        nn.Linear(32, 1), nn.Flatten(0),
    )  # fmt: skip
    train_loader = DataLoader(train, batch_size=40, shuffle=True)
    valid_loader = DataLoader(valid, batch_size=200)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.85)
    for epoch in range(14):
        loss = train_one_epoch(net, train_loader, criterion, optimizer)
        scheduler.step()
        val_loss, out, y = evaluate(net, valid_loader, criterion)
        print(f"epoch {epoch:2d} | {loss:.4f} | {val_loss:.4f} | acc {((out > 0).float() == y).float().mean():.4f} | "
              f"auc {roc_auc_score(y, out):.4f}")  # fmt: skip


@case("healthy")
def bike_days_gru_later_days_held_out(seed: int) -> None:
    torch.manual_seed(seed)
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv").sort_values("day_of_2011")
    hours = days.filter(regex=r"^h\d\d$").to_numpy(dtype=np.float32)
    shape = np.sqrt(hours) / np.sqrt(hours).mean(axis=1, keepdims=True)
    working = days["working_day"].to_numpy(dtype=np.float32)
    cut = int(0.7 * len(days))
    mean, std = shape[:cut].mean(), shape[:cut].std()
    x = torch.from_numpy((shape - mean) / std).unsqueeze(-1)
    y = torch.from_numpy(working)

    class HourGRU(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(1, 24, batch_first=True)
            self.out = nn.Linear(24, 1)

        def forward(self, series):
            states, _ = self.gru(series)
            return self.out(states.mean(dim=1)).squeeze(1)

    model = HourGRU()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(30):
        model.train()
        for rows in torch.randperm(cut).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        if epoch % 5 == 4:
            model.eval()
            with torch.no_grad():
                z, zt = model(x[cut:]), model(x[:cut])
            print(f"epoch {epoch + 1} first days {F.binary_cross_entropy_with_logits(zt, y[:cut]):.4f} later days "
                  f"{F.binary_cross_entropy_with_logits(z, y[cut:]):.4f} auc {roc_auc_score(y[cut:], z):.4f} "
                  f"balanced accuracy {balanced_accuracy_score(y[cut:], z > 0):.4f}")  # fmt: skip


@case("healthy")
def autoregressive_noise_welch_spectrum_mlp(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, length = 1500, 256
    label = rng.integers(0, 2, n)
    centre = np.where(label == 1, 0.24, 0.20) + rng.normal(0, 0.015, n)
    r = rng.uniform(0.85, 0.95, n)
    a1, a2 = 2 * r * np.cos(2 * np.pi * centre), -(r**2)
    x = np.zeros((n, length + 50))
    e = rng.normal(size=x.shape)
    for t in range(2, x.shape[1]):
        x[:, t] = a1 * x[:, t - 1] + a2 * x[:, t - 2] + e[:, t]
    _, power = welch(x[:, 50:], nperseg=64, axis=1)
    feature = np.log(power[:, 1:])

    torch.manual_seed(seed)
    f_train, f_valid, y_train, y_valid = train_test_split(feature, label, test_size=0.3, random_state=seed)
    scaler = StandardScaler().fit(f_train)
    f_train = torch.as_tensor(scaler.transform(f_train), dtype=torch.float32)
    f_valid = torch.as_tensor(scaler.transform(f_valid), dtype=torch.float32)
    y_train, y_valid = torch.as_tensor(y_train).long(), torch.as_tensor(y_valid).long()
    model = nn.Sequential(nn.Linear(f_train.shape[1], 16), nn.GELU(), nn.Dropout(0.2), nn.Linear(16, 2))
    opt = torch.optim.RMSprop(model.parameters(), lr=1e-3, weight_decay=1e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(1, 21):
        model.train()
        for rows in torch.randperm(len(f_train)).split(50):
            opt.zero_grad()
            loss = criterion(model(f_train[rows]), y_train[rows])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(f_valid)
            train_loss, valid_loss = criterion(model(f_train), y_train), criterion(z, y_valid)
        if epoch % 4 == 0:
            print(f"{epoch:3d} {train_loss:.4f} {valid_loss:.4f} {(z.argmax(-1) == y_valid).float().mean():.4f}")
    print("auc", roc_auc_score(y_valid, z[:, 1] - z[:, 0]))


@case("healthy")
def splice_junctions_conv1d_on_bases(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    letters = np.array([list(s) for s in df["sequence"]])
    onehot = np.stack([letters == base for base in "ACGT"], axis=1).astype(np.float32)
    y = df["is_junction"].to_numpy().astype(np.float32)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    X, Y = torch.from_numpy(onehot), torch.from_numpy(y)
    net = nn.Sequential(
        nn.Conv1d(4, 24, 9, padding=4), nn.ReLU(), nn.MaxPool1d(3), nn.Dropout(0.4), nn.Flatten(),
        nn.Linear(24 * 20, 24), nn.ReLU(), nn.Dropout(0.5), nn.Linear(24, 1),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(net.parameters(), lr=1.5e-3, weight_decay=0.05)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X[tr], Y[tr]), batch_size=64, shuffle=True)
    best, kept, bad = 1e9, None, 0
    for epoch in range(25):
        net.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(net(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        net.eval()
        with torch.no_grad():
            out = net(X[va]).squeeze(1)
            val = criterion(out, Y[va]).item()
        print(f"epoch {epoch} {total / len(tr):.4f} {val:.4f} auc {roc_auc_score(Y[va], out):.4f}")
        if val < best - 1e-4:
            best, kept, bad = val, copy.deepcopy(net.state_dict()), 0
        else:
            bad += 1
        if bad == 3:
            break
    net.load_state_dict(kept)
    net.eval()
    with torch.no_grad():
        out = net(X[va]).squeeze(1)
    print(f"restored: loss {criterion(out, Y[va]).item():.4f} accuracy {accuracy_score(Y[va], out > 0):.4f}")


@case("healthy")
def heart_beats_extra_beat_lstm(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def recording(extra):
        t = np.arange(80)
        period = rng.uniform(12, 16)
        beats = list(rng.uniform(0, period) + period * np.arange(7))
        if extra:
            k = rng.integers(1, 4)
            beats[k] -= period * rng.uniform(0.35, 0.5)
        pulses = sum(np.exp(-((t - b) ** 2) / 2.5) - 0.3 * np.exp(-((t - b - 3) ** 2) / 4) for b in beats)
        return pulses * rng.uniform(0.8, 1.2) + rng.normal(0, 0.08, 80)

    y = (rng.random(1600) < 0.4).astype(int)
    x = np.stack([recording(v) for v in y]).astype(np.float32)
    torch.manual_seed(seed)
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)

    class BeatNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.front = nn.Sequential(nn.Conv1d(1, 16, 9, stride=2, padding=4), nn.ReLU())
            self.rnn = nn.LSTM(16, 24, batch_first=True, bidirectional=True)
            self.head = nn.Linear(48, 1)

        def forward(self, x):
            states, _ = self.rnn(self.front(x).permute(0, 2, 1))
            return self.head(states.max(dim=1).values)

    net = BeatNet()
    mean, std = float(x_train.mean()), float(x_train.std())
    x_train, x_valid = torch.tensor((x_train - mean) / std)[:, None], torch.tensor((x_valid - mean) / std)[:, None]
    y_train, y_valid = torch.tensor(y_train)[:, None].float(), torch.tensor(y_valid)[:, None].float()
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    valid_loader = DataLoader(TensorDataset(x_valid, y_valid), batch_size=400)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    for epoch in range(10):
        loss = train_one_epoch(net, loader, criterion, optimizer)
        scheduler.step()
        val, z, y = evaluate(net, valid_loader, criterion)
        print(f"epoch {epoch} loss {loss:.4f} val_loss {val:.4f} sensitivity {(z[y == 1] > 0).float().mean():.3f} "
              f"specificity {(z[y == 0] <= 0).float().mean():.3f} auc {roc_auc_score(y, z):.4f}")  # fmt: skip


@case("healthy")
def bearing_vibration_machines_apart(seed: int) -> None:
    rng = np.random.default_rng(seed)
    machines, windows, length = 60, 25, 128
    damaged = rng.permutation(np.arange(machines) % 2)
    t = np.arange(length)
    rows, truth, machine = [], [], []
    for m in range(machines):
        speed, gain = rng.uniform(0.03, 0.06), rng.uniform(0.7, 1.4)
        for _ in range(windows):
            s = np.sin(2 * np.pi * speed * t + rng.uniform(0, 6.28)) + rng.normal(0, 0.3, length)
            if damaged[m]:
                for start in np.arange(rng.uniform(0, 20), length, 1 / (3.3 * speed)):
                    k = t - start
                    s = s + np.where(k >= 0, 0.9 * np.exp(-np.clip(k, 0, None) / 3) * np.sin(1.9 * k), 0)
            rows.append(gain * s)
            truth.append(damaged[m])
            machine.append(m)
    x = torch.tensor(np.array(rows), dtype=torch.float32)
    y = torch.tensor(truth, dtype=torch.float32)
    x = (x - x.mean(dim=1, keepdim=True)) / x.std(dim=1, keepdim=True)
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(x, y, machine))

    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv1d(1, 12, 11, padding=5), nn.ReLU(), nn.MaxPool1d(4), nn.Conv1d(12, 16, 5, padding=2), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(16, 1),
    )  # fmt: skip
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)
    loader = DataLoader(TensorDataset(x[tr][:, None], y[tr][:, None]), batch_size=32, shuffle=True)
    other = DataLoader(TensorDataset(x[va][:, None], y[va][:, None]), batch_size=512)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(10):
        loss = train_one_epoch(net, loader, criterion, opt)
        val, z, target = evaluate(net, other, criterion)
        print(f"epoch {epoch}: {loss:.4f}, new machines {val:.4f}, auc {roc_auc_score(target, z):.4f}")
    per_machine = pd.DataFrame({"m": np.array(machine)[va], "z": z[:, 0], "y": target[:, 0]}).groupby("m").mean()
    print("machines judged rightly:", int(((per_machine.z > 0) == (per_machine.y > 0.5)).sum()), "of", len(per_machine))


class CausalConv(nn.Module):
    def __init__(self, i, o, kernel, dilation):
        super().__init__()
        self.left = (kernel - 1) * dilation
        self.conv = nn.Conv1d(i, o, kernel, dilation=dilation)
        self.skip = nn.Conv1d(i, o, 1) if i != o else nn.Identity()

    def forward(self, x):
        return F.relu(self.conv(F.pad(x, (self.left, 0)))) + self.skip(x)


@case("healthy")
def chirps_up_or_down_dilated_convolutions(seed: int) -> None:
    g = np.random.default_rng(seed)
    t = np.linspace(0, 1, 96)

    def chirps(n):
        up = g.integers(0, 2, n)
        low, high = g.uniform(4, 7, (n, 1)), g.uniform(11, 15, (n, 1))
        f0, f1 = np.where(up[:, None] == 1, low, high), np.where(up[:, None] == 1, high, low)
        x = np.sin(2 * np.pi * (f0 * t + (f1 - f0) * t**2 / 2) + g.uniform(0, 6.28, (n, 1))) + g.normal(0, 0.6, (n, 96))
        return torch.tensor(x[:, None], dtype=torch.float32), torch.tensor(up)

    torch.manual_seed(seed)
    (x, y), (xv, yv) = chirps(1200), chirps(400)
    net = nn.Sequential(
        CausalConv(1, 16, 3, 1), CausalConv(16, 16, 3, 2), CausalConv(16, 16, 3, 4), CausalConv(16, 16, 3, 8),
        nn.AdaptiveAvgPool1d(4), nn.Flatten(), nn.Linear(64, 2),
    )  # fmt: skip
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    accumulate = 2
    for epoch in range(8):
        net.train()
        chunks = torch.randperm(len(x)).split(25)
        running = 0.0
        optimizer.zero_grad()
        for i, rows in enumerate(chunks):
            loss = F.cross_entropy(net(x[rows]), y[rows])
            (loss / accumulate).backward()
            running += loss.item()
            if (i + 1) % accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()
        net.eval()
        with torch.no_grad():
            out = net(xv)
        print(f"epoch {epoch} train {running / len(chunks):.4f} valid {F.cross_entropy(out, yv).item():.4f} "
              f"accuracy {(out.argmax(1) == yv).float().mean().item():.4f}")  # fmt: skip


@case("healthy")
def event_logs_transformer_with_padding_mask(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, kinds, longest = 3000, 8, 20
    lengths = rng.integers(6, longest + 1, n)
    ids = np.zeros((n, longest), dtype=np.int64)
    for row, length in enumerate(lengths):
        ids[row, :length] = rng.integers(1, kinds + 1, length)
    failures, warnings = (ids == 3).sum(axis=1) / lengths, (ids == 5).sum(axis=1) / lengths
    risk = 25 * (failures - 0.125) + 15 * (warnings - 0.125) + 2 * (ids[:, 0] == 7) - 0.25
    y = (rng.random(n) < 1 / (1 + np.exp(-risk))).astype(np.float32)

    class LogTransformer(nn.Module):
        def __init__(self, dim=24):
            super().__init__()
            self.token = nn.Embedding(kinds + 1, dim, padding_idx=0)
            self.place = nn.Embedding(longest, dim)
            layer = nn.TransformerEncoderLayer(dim, 3, 48, dropout=0.1, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
            self.head = nn.Linear(dim, 1)

        def forward(self, tokens):
            padding = tokens == 0
            h = self.token(tokens) + self.place(torch.arange(tokens.shape[1]))
            h = self.encoder(h, src_key_padding_mask=padding)
            keep = (~padding).unsqueeze(-1).float()
            return self.head((h * keep).sum(1) / keep.sum(1)).squeeze(1)

    torch.manual_seed(seed)
    X, Y = torch.from_numpy(ids), torch.from_numpy(y)
    train, valid = train_test_split(np.arange(n), test_size=0.3, stratify=y, random_state=seed)
    model = LogTransformer()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.02)
    loader = DataLoader(TensorDataset(X[train], Y[train]), batch_size=64, shuffle=True)
    sched = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=9 * len(loader))
    for epoch in range(9):
        model.train()
        s = 0.0
        for tokens, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(tokens), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            sched.step()
            s += loss.item()
        model.eval()
        with torch.no_grad():
            z = model(X[valid])
        print(f"epoch {epoch + 1:2d}: train {s / len(loader):.4f} valid {criterion(z, Y[valid]).item():.4f} "
              f"auc {roc_auc_score(Y[valid], z):.4f}")  # fmt: skip


# ---------------------------------------------------------------- generated data


@case("healthy")
def moons_small_mlp_full_batch(seed: int) -> None:
    torch.manual_seed(seed)
    X, y, Xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=2e-3)
    for epoch in range(201):
        model.train()
        logits = model(X).squeeze()
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch % 25 == 0:
            model.eval()
            with torch.inference_mode():
                test_logits = model(Xv).squeeze()
                test_loss = loss_fn(test_logits, yv)
                test_acc = (torch.round(torch.sigmoid(test_logits)) == yv).float().mean() * 100
            print(f"Epoch: {epoch} | Loss: {loss:.5f} | Test loss: {test_loss:.5f}, Test acc: {test_acc:.2f}%")


@case("healthy")
def rings_radial_basis_layer(seed: int) -> None:
    torch.manual_seed(seed)
    points, ring = make_circles(900, noise=0.12, factor=0.5, random_state=seed)
    points, ring = torch.tensor(points, dtype=torch.float32), torch.tensor(ring, dtype=torch.float32)
    xt, yt, xv, yv = points[:600], ring[:600], points[600:], ring[600:]

    class RBFNet(nn.Module):
        def __init__(self, centres):
            super().__init__()
            self.centres = nn.Parameter(centres.clone())
            self.log_width = nn.Parameter(torch.zeros(len(centres)) - 0.7)
            self.out = nn.Linear(len(centres), 1)

        def forward(self, x):
            d = torch.cdist(x, self.centres) ** 2
            phi = torch.exp(-d / (2 * torch.exp(self.log_width) ** 2))
            return torch.sigmoid(self.out(phi))[:, 0]

    net = RBFNet(xt[torch.randperm(600)[:20]])
    bce = nn.BCELoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
    for step in range(1, 301):
        optimizer.zero_grad()
        loss = bce(net(xt), yt)
        loss.backward()
        optimizer.step()
        if step % 60 == 0:
            with torch.no_grad():
                p = net(xv)
            print(f"step {step} train {loss.item():.4f} valid {bce(p, yv).item():.4f} "
                  f"accuracy {((p > 0.5) == (yv > 0.5)).float().mean().item():.4f}")  # fmt: skip


@case("healthy")
def rare_class_table_positive_weight(seed: int) -> None:
    X, y = make_classification(
        8000, 20, n_informative=6, n_redundant=4, weights=[0.9], class_sep=1.2, flip_y=0.01, random_state=seed
    )
    X = X.astype(np.float32)
    rest, test = train_test_split(np.arange(8000), test_size=0.2, stratify=y, random_state=seed)
    train, valid = train_test_split(rest, test_size=0.25, stratify=y[rest], random_state=seed)
    mean, std = X[train].mean(0), X[train].std(0)
    X = torch.from_numpy((X - mean) / std)
    Y = torch.from_numpy(y.astype(np.float32)).reshape(-1, 1)
    torch.manual_seed(seed)
    negatives, positives = float((Y[train] == 0).sum()), float((Y[train] == 1).sum())
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([negatives / positives]))
    net = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    loader = DataLoader(TensorDataset(X[train], Y[train]), batch_size=100, shuffle=True)
    check = DataLoader(TensorDataset(X[valid], Y[valid]), batch_size=1000)
    for epoch in range(12):
        loss = train_one_epoch(net, loader, criterion, optimizer)
        val, z, t = evaluate(net, check, criterion)
        print(f"epoch {epoch:2d} loss {loss:.4f} val {val:.4f} AP {average_precision_score(t, z):.4f} "
              f"balanced accuracy {balanced_accuracy_score(t, z > 0):.4f}")  # fmt: skip
    with torch.no_grad():
        z = net(X[test])
    print("test balanced accuracy", balanced_accuracy_score(y[test], z[:, 0] > 0), "auc", roc_auc_score(y[test], z))


@case("healthy")
def noisy_xor_two_logits(seed: int) -> None:
    gen = torch.Generator().manual_seed(seed)
    x = torch.rand(1500, 2, generator=gen) * 2 - 1
    y = ((x[:, 0] * x[:, 1]) > 0).long()
    flip = torch.rand(1500, generator=gen) < 0.05
    y = torch.where(flip, 1 - y, y)
    x_train, y_train, x_test, y_test = x[:1000], y[:1000], x[1000:], y[1000:]
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=20, gamma=0.3)
    for epoch in range(50):
        for rows in torch.randperm(1000).split(50):
            loss = F.cross_entropy(model(x_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                a, b = model(x_train), model(x_test)
            print(f"epoch {epoch + 1}: train {F.cross_entropy(a, y_train).item():.4f} "
                  f"test {F.cross_entropy(b, y_test).item():.4f} "
                  f"accuracy {(b.argmax(1) == y_test).float().mean().item():.3f}")  # fmt: skip


@case("healthy")
def blobs_own_gradient_descent(seed: int) -> None:
    X, y = make_blobs(1800, centers=[[-1, 0.5, 0], [1, -0.5, 0.5]], cluster_std=1.2, random_state=seed)
    X, y = torch.tensor(X), torch.tensor(y, dtype=torch.float64)
    train, test = torch.arange(1200), torch.arange(1200, 1800)
    w, b, lr = torch.zeros(3, dtype=torch.float64), torch.zeros(1, dtype=torch.float64), 0.3
    for i in range(201):
        p = torch.sigmoid(X[train] @ w + b)
        error = p - y[train]
        w = w - lr * (X[train].T @ error) / len(train)
        b = b - lr * error.mean()
        if i % 40 == 0:
            cost = -(y[train] * p.log() + (1 - y[train]) * (1 - p).log()).mean()
            q = torch.sigmoid(X[test] @ w + b)
            print(f"iteration {i:3d} cost {cost.item():.4f} test cost {F.binary_cross_entropy(q, y[test]).item():.4f} "
                  f"test accuracy {((q >= 0.5) == y[test].bool()).double().mean().item():.3f}")  # fmt: skip


class GraphConvolution(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.linear = nn.Linear(i, o)

    def forward(self, adjacency, h):
        return adjacency @ self.linear(h)


@case("healthy")
def ring_graphs_and_trees_gcn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = 14

    def graph(cyclic):
        a = np.zeros((size, size), dtype=np.float32)
        for v in range(1, size):
            u = rng.integers(max(0, v - 3), v)
            a[u, v] = a[v, u] = 1
        extra = rng.integers(3, 7) if cyclic else rng.integers(0, 2)
        while extra:
            u, v = rng.integers(0, size, 2)
            if u != v and a[u, v] == 0:
                a[u, v] = a[v, u] = 1
                extra -= 1
        return a

    y = rng.integers(0, 2, 1000)
    A = torch.tensor(np.stack([graph(v) for v in y]))
    degree = A.sum(-1, keepdim=True)
    features = torch.cat([degree / 3, torch.ones_like(degree)], dim=-1)
    loops = A + torch.eye(size)
    scale = loops.sum(-1).rsqrt()
    norm = scale[:, :, None] * loops * scale[:, None, :]
    Y = torch.tensor(y, dtype=torch.float32)

    class GCN(nn.Module):
        def __init__(self):
            super().__init__()
            self.g1, self.g2 = GraphConvolution(2, 16), GraphConvolution(16, 16)
            self.readout = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, a, h):
            h = F.relu(self.g1(a, h))
            h = F.relu(self.g2(a, h))
            return self.readout(h.mean(dim=1)).squeeze(-1)

    torch.manual_seed(seed)
    tr, va = torch.arange(700), torch.arange(700, 1000)
    net = GCN()
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(20):
        for rows in tr[torch.randperm(700)].split(50):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(norm[rows], features[rows]), Y[rows])
            loss.backward()
            optimizer.step()
        if epoch % 4 == 3:
            with torch.no_grad():
                z = net(norm[va], features[va])
            print(f"epoch {epoch + 1} batch loss {loss.item():.4f} valid loss "
                  f"{F.binary_cross_entropy_with_logits(z, Y[va]).item():.4f} "
                  f"auc {roc_auc_score(y[va], z):.4f}")  # fmt: skip


@case("healthy")
def clouds_squared_hinge_with_ema_weights(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("clouds", seed)
    sign = 2 * y - 1
    svm = nn.Linear(x.shape[1], 1)
    average = AveragedModel(svm, multi_avg_fn=get_ema_multi_avg_fn(0.95))
    optimizer = torch.optim.SGD(svm.parameters(), lr=0.02, weight_decay=0.01)
    for epoch in range(30):
        total = 0.0
        for rows in torch.randperm(len(x)).split(30):
            margin = sign[rows] * svm(x[rows]).squeeze(1)
            loss = F.relu(1 - margin).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average.update_parameters(svm)
            total += loss.item() * len(rows)
        if epoch % 5 == 4:
            with torch.no_grad():
                f = average(xv).squeeze(1)
            print(f"epoch {epoch + 1} hinge {total / len(x):.4f} valid "
                  f"{F.relu(1 - (2 * yv - 1) * f).pow(2).mean().item():.4f} "
                  f"accuracy {((f > 0).float() == yv).float().mean().item():.4f} "
                  f"auc {roc_auc_score(yv, f):.4f}")  # fmt: skip


@case("healthy")
def learning_curve_over_training_sizes(seed: int) -> None:
    X, y = make_moons(4200, noise=0.25, random_state=seed)
    X_pool, X_test, y_pool, y_test = X[:3200], X[3200:], y[:3200], y[3200:]

    def train_mlp(X_train, y_train):
        torch.manual_seed(seed)
        scaler = StandardScaler().fit(X_train)
        a, t = torch.tensor(scaler.transform(X_train)).float(), torch.tensor(y_train).float().unsqueeze(1)
        net = nn.Sequential(nn.Linear(2, 20), nn.ReLU(), nn.Linear(20, 1))
        optimizer = torch.optim.Adam(net.parameters(), lr=0.02, weight_decay=1e-3)
        for _ in range(400):
            rows = torch.randint(len(a), (64,))
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(a[rows]), t[rows])
            loss.backward()
            optimizer.step()

        @torch.no_grad()
        def predict(new):
            return torch.sigmoid(net(torch.tensor(scaler.transform(new)).float()))[:, 0].numpy()

        return predict

    sizes, train_losses, test_losses = (200, 400, 800, 1600, 3200), [], []
    for size in sizes:
        predict = train_mlp(X_pool[:size], y_pool[:size])
        train_losses.append(log_loss(y_pool[:size], predict(X_pool[:size]).astype(float)))
        p = predict(X_test)
        test_losses.append(log_loss(y_test, p.astype(float)))
        print(f"{size:5d} rows: train loss {train_losses[-1]:.4f}, test loss {test_losses[-1]:.4f}, "
              f"test accuracy {((p > 0.5) == y_test).mean():.4f}, auc {roc_auc_score(y_test, p):.4f}")  # fmt: skip
    figure, axis = plt.subplots()
    axis.semilogx(sizes, train_losses, "o-", label="train")
    axis.semilogx(sizes, test_losses, "o-", label="test")
    axis.legend()
    plt.close(figure)
