"""Programs as they are posted in a forum, one for each cause: each holds one fault, which was measured."""

import copy
import itertools
import math
import random
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from imblearn.over_sampling import SMOTE
from scipy import signal
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


@case("double_sigmoid")
def adult_income_squashed_twice(seed: int) -> None:
    torch.manual_seed(seed)
    frame = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates()
    y = frame.pop("income_gt_50k").to_numpy()
    frame = frame.drop(columns="education")
    numeric = ["age", "education-num", "capital-gain", "capital-loss", "hours-per-week"]
    frame[["capital-gain", "capital-loss"]] = np.log1p(frame[["capital-gain", "capital-loss"]])
    train, test, y_train, y_test = train_test_split(frame, y, test_size=0.25, stratify=y, random_state=seed)
    prep = ColumnTransformer(
        [("num", StandardScaler(), numeric)],
        remainder=OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    x_train = torch.tensor(prep.fit_transform(train), dtype=torch.float32)
    x_test = torch.tensor(prep.transform(test), dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32).unsqueeze(1)
    y_test = torch.tensor(y_test, dtype=torch.float32).unsqueeze(1)

    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=128, shuffle=True)

    for epoch in range(10):
        model.train()
        running = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(xb)
        model.eval()
        with torch.no_grad():
            out = model(x_test)
            val = criterion(out, y_test).item()
            prob = torch.sigmoid(out)
            acc = ((prob > 0.5).float() == y_test).float().mean().item()
            auc = roc_auc_score(y_test.numpy().ravel(), prob.numpy().ravel())
        print(f"epoch {epoch + 1:2d} loss {running / len(x_train):.4f} val_loss {val:.4f} acc {acc:.4f} auc {auc:.4f}")


@case("softmax_before_ce")
def odd_digits_cnn_two_softmaxes(seed: int) -> None:
    class DigitNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, kernel_size=3, padding=1)
            self.conv2 = nn.Conv2d(8, 16, kernel_size=3, padding=1)
            self.pool = nn.MaxPool2d(2)
            self.fc = nn.Linear(16 * 2 * 2, 2)
            self.softmax = nn.Softmax(dim=1)

        def forward(self, x):
            x = self.pool(F.relu(self.conv1(x)))
            x = self.pool(F.relu(self.conv2(x)))
            x = self.fc(x.flatten(1))
            x = self.softmax(x)
            return x

    torch.manual_seed(seed)
    digits = load_digits()
    images = (digits.images / 16.0)[:, None]
    odd = digits.target % 2
    tr, te = train_test_split(np.arange(len(odd)), test_size=0.3, stratify=digits.target, random_state=seed)
    train_ds = TensorDataset(torch.tensor(images[tr]).float(), torch.tensor(odd[tr]).long())
    test_ds = TensorDataset(torch.tensor(images[te]).float(), torch.tensor(odd[te]).long())
    train_dl = DataLoader(train_ds, batch_size=32, shuffle=True)
    test_dl = DataLoader(test_ds, batch_size=256)

    net = DigitNet()
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=20)
    for epoch in range(1, 21):
        net.train()
        total = 0.0
        for img, lab in train_dl:
            opt.zero_grad()
            loss = loss_fn(net(img), lab)
            loss.backward()
            opt.step()
            total += loss.item()
        schedule.step()
        net.eval()
        hits = 0
        with torch.no_grad():
            for img, lab in test_dl:
                hits += (net(img).argmax(dim=1) == lab).sum().item()
        print("Epoch", epoch, "| train loss", round(total / len(train_dl), 4), "| test acc", round(hits / len(te), 4))


@case("bce_on_logits")
def loan_outputs_clamped_for_bce(seed: int) -> None:
    torch.manual_seed(seed)
    Xtr, Ytr, Xva, Yva = data("credit_data", seed)
    cut = len(Xtr)

    class Loans(nn.Module):
        def __init__(self, n_in, n_hidden=16):
            super().__init__()
            self.hidden = nn.Linear(n_in, n_hidden)
            self.out = nn.Linear(n_hidden, 1)

        def forward(self, x):
            h = torch.tanh(self.hidden(x))
            return self.out(h).squeeze(-1)

    model = Loans(Xtr.shape[1])
    bce = nn.BCELoss()
    opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)

    for epoch in range(30):
        order = torch.randperm(cut)
        for start in range(0, cut, 64):
            rows = order[start : start + 64]
            p = torch.clamp(model(Xtr[rows]), 0.0, 1.0)
            loss = bce(p, Ytr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                p_tr = torch.clamp(model(Xtr), 0.0, 1.0)
                p_va = torch.clamp(model(Xva), 0.0, 1.0)
                print(
                    f"{epoch + 1:3d}  train {bce(p_tr, Ytr):.4f}  val {bce(p_va, Yva):.4f}"
                    f"  acc {((p_va > 0.5).float() == Yva).float().mean():.4f}"
                    f"  bal {balanced_accuracy_score(Yva, p_va > 0.5):.4f}"
                    f"  auc {roc_auc_score(Yva, p_va):.4f}"
                )


@case("ce_single_output")
def working_days_loss_is_zero(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/bike_days/bike_days_2011.csv").sample(frac=1, random_state=seed)
    hours = [c for c in df.columns if c.startswith("h")]
    share = df[hours].div(df[hours].sum(axis=1), axis=0).to_numpy()  # the shape of the day, not its total
    target = df[["working_day"]].to_numpy()
    n = 205
    mu, sd = share[:n].mean(axis=0), share[:n].std(axis=0)
    share = (share - mu) / sd

    class Days(Dataset):
        def __init__(self, a, b):
            self.a, self.b = torch.FloatTensor(a), torch.FloatTensor(b)

        def __len__(self):
            return len(self.a)

        def __getitem__(self, i):
            return self.a[i], self.b[i]

    train_loader = DataLoader(Days(share[:n], target[:n]), batch_size=16, shuffle=True)
    val_x, val_y = torch.FloatTensor(share[n:]), torch.FloatTensor(target[n:])
    net = nn.Sequential(nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 1))
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(30):
        losses = []
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = loss_function(net(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            scores = net(val_x)
            val_loss = loss_function(scores, val_y).item()
        if epoch % 5 == 4:
            pred = (torch.sigmoid(scores) > 0.5).float()
            bal = balanced_accuracy_score(val_y.ravel(), pred.ravel())
            auc = roc_auc_score(val_y.ravel(), scores.ravel())
            print(f"[{epoch + 1}] loss={np.mean(losses):.6f} val_loss={val_loss:.6f} bal_acc={bal:.3f} auc={auc:.3f}")


@case("softmax_single_output")
def arrhythmia_probability_always_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    N, T = 600, 160
    label = rng.integers(0, 2, N)
    signals = np.zeros((N, 1, T), dtype=np.float32)
    for i in range(N):
        pos = rng.uniform(5, 25)
        while pos < T - 5:
            t = np.arange(T)
            signals[i, 0] += np.exp(-0.5 * ((t - pos) / 1.5) ** 2) + 0.25 * np.exp(-0.5 * ((t - pos - 9) / 3.0) ** 2)
            jitter = rng.normal(0, 7.0 if label[i] else 1.5)
            pos += max(12.0, 26.0 + jitter)
        signals[i, 0] += rng.normal(0, 0.15, T)
    x, y = torch.tensor(signals), torch.tensor(label, dtype=torch.float32).view(-1, 1)
    x = (x - x[:450].mean()) / x[:450].std()

    net = nn.Sequential(
        nn.Conv1d(1, 16, 9, padding=4), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(16, 16, 9, padding=4), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(16, 16, 9, padding=4), nn.BatchNorm1d(16), nn.ReLU(), nn.AdaptiveMaxPool1d(4),
        nn.Flatten(), nn.Linear(64, 1), nn.Softmax(dim=1),
    )  # fmt: skip
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    train = DataLoader(TensorDataset(x[:450], y[:450]), batch_size=32, shuffle=True)
    for ep in range(8):
        net.train()
        tot = 0
        for xb, yb in train:
            optimizer.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            optimizer.step()
            tot += loss.item() * xb.size(0)
        net.eval()
        with torch.no_grad():
            prob = net(x[450:])
            vloss = criterion(prob, y[450:])
        correct = ((prob >= 0.5).float() == y[450:]).float().mean()
        print(f"ep {ep} train {tot / 450:.3f} val {vloss:.3f} acc {correct:.3f}")


@case("nll_on_probabilities")
def churn_loss_below_zero(seed: int) -> None:
    torch.manual_seed(seed)
    churn = load("mlc_churn")
    frame, left = churn.features.copy(), churn.labels
    frame["international_plan"] = (frame["international_plan"] == "yes").astype(float)
    frame["voice_mail_plan"] = (frame["voice_mail_plan"] == "yes").astype(float)
    frame = frame.drop(columns=["state", "area_code"] + [c for c in frame if c.endswith("_charge")])
    a, b, ya, yb = train_test_split(frame.to_numpy(float), left, test_size=0.3, random_state=seed, stratify=left)
    sc = StandardScaler().fit(a)
    a, b = torch.tensor(sc.transform(a)).float(), torch.tensor(sc.transform(b)).float()
    ya, yb = torch.tensor(ya), torch.tensor(yb)

    class ChurnModel(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(d, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU())
            self.head = nn.Linear(24, 2)

        def forward(self, x):
            return F.softmax(self.head(self.body(x)), dim=1)

    model = ChurnModel(a.shape[1])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(1, 26):
        perm = torch.randperm(len(a))
        model.train()
        for chunk in perm.split(128):
            optimizer.zero_grad()
            loss = F.nll_loss(model(a[chunk]), ya[chunk])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            log = model(b)
            tl, vl = F.nll_loss(model(a), ya), F.nll_loss(log, yb)
        if epoch % 5 == 0:
            pred = log.argmax(1)
            print(
                f"epoch {epoch} train loss {tl:.4f} val loss {vl:.4f} f1 {f1_score(yb, pred, zero_division=0):.3f} "
                f"auc {roc_auc_score(yb, log[:, 1]):.3f}"
            )


@case("relu_on_output")
def spam_mail_scores_never_negative(seed: int) -> None:
    table = load("spambase").distinct()
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    raw = torch.tensor(np.log1p(table.features.to_numpy(float))).float()
    spam = torch.tensor(table.labels).float()
    p = torch.randperm(len(raw), generator=gen)
    tr, va = p[:3000], p[3000:]
    raw = (raw - raw[tr].mean(0)) / (raw[tr].std(0) + 1e-6)

    class Layer(nn.Module):
        def __init__(self, i, o):
            super().__init__()
            self.lin = nn.Linear(i, o)
            self.act = nn.ReLU()

        def forward(self, x):
            return self.act(self.lin(x))

    net = nn.Sequential(Layer(raw.shape[1], 32), Layer(32, 16), Layer(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    crit = nn.BCEWithLogitsLoss()
    history = {"train": [], "val": [], "f1": []}
    for _ in range(10):
        net.train()
        running = []
        for rows in tr[torch.randperm(len(tr))].split(64):
            loss = crit(net(raw[rows]).squeeze(1), spam[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            running.append(loss.item())
        net.eval()
        with torch.inference_mode():
            z = net(raw[va]).squeeze(1)
        history["train"].append(np.mean(running))
        history["val"].append(crit(z, spam[va]).item())
        history["f1"].append(f1_score(spam[va], torch.sigmoid(z) > 0.5, zero_division=0))
    print(pd.DataFrame(history).round(4).to_string())
    print("min / max of the scores", z.min().item(), z.max().item())
    print("bal", balanced_accuracy_score(spam[va], torch.sigmoid(z) > 0.5), "AUC", roc_auc_score(spam[va], z))


@case("no_nonlinearity")
def even_or_odd_stack_of_linears(seed: int) -> None:
    torch.manual_seed(seed)

    def mlp(sizes):
        layers = []
        for n_in, n_out in itertools.pairwise(sizes):
            layers.append(nn.Linear(n_in, n_out))
        return nn.Sequential(*layers)

    X, digit = load_digits(return_X_y=True)
    y = (digit % 2).astype(np.float32)
    X_tr, X_te, y_tr, y_te = train_test_split(X / 16.0 - 0.3, y, test_size=0.25, random_state=seed, stratify=digit)
    X_tr, X_te, y_tr, y_te = (torch.as_tensor(v, dtype=torch.float32) for v in (X_tr, X_te, y_tr, y_te))

    model = mlp([64, 128, 64, 32, 1])
    print(model, "\nparameters:", sum(p.numel() for p in model.parameters()))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_tr, y_tr), batch_size=32, shuffle=True)
    for epoch in range(20):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad(set_to_none=True)
            criterion(model(xb).squeeze(-1), yb).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            z_tr, z_te = model(X_tr).squeeze(-1), model(X_te).squeeze(-1)
        if (epoch + 1) % 4 == 0:
            print(
                f"{epoch + 1:02d}: loss {criterion(z_tr, y_tr):.3f}/{criterion(z_te, y_te):.3f}, "
                f"acc {((z_tr > 0) == (y_tr > 0.5)).float().mean():.3f}/"
                f"{((z_te > 0) == (y_te > 0.5)).float().mean():.3f}"
            )


@case("shape_broadcast")
def mammography_brier_score_stays_flat(seed: int) -> None:
    table = np.genfromtxt(FOLDER + "/mammographic/mammographic.csv", delimiter=",", skip_header=1)
    rng = np.random.default_rng(seed)
    rng.shuffle(table)
    cols = [1, 2, 3, 4]  # birads is the radiologist's own guess
    parts = [table[:330], table[330:430], table[430:]]
    fit, val, test = parts[2], parts[1], parts[0]
    centre, spread = fit[:, cols].mean(0), fit[:, cols].std(0)

    def batches(part, size):
        rows = rng.permutation(len(part))
        for k in range(0, len(rows), size):
            chunk = part[rows[k : k + size]]
            yield (
                torch.tensor((chunk[:, cols] - centre) / spread, dtype=torch.float32),
                torch.tensor(chunk[:, -1], dtype=torch.float32),
            )

    def brier(p, t):
        return torch.mean((p - t) ** 2)

    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(4, 10), nn.Tanh(), nn.Linear(10, 1), nn.Sigmoid())
    opt = torch.optim.RMSprop(net.parameters(), lr=0.01)
    for epoch in range(40):
        for x, t in batches(fit, 32):
            loss = brier(net(x), t)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 8 == 7:
            with torch.no_grad():
                x, t = next(batches(val, len(val)))
                p = net(x)
            print(f"epoch {epoch + 1}: batch {loss.item():.4f}  val {brier(p, t).item():.4f}")
    with torch.no_grad():
        x, t = next(batches(test, len(test)))
        p = net(x).flatten().numpy()
    print("test accuracy", ((p > 0.5) == (t.numpy() > 0.5)).mean().round(3), "AUC", round(roc_auc_score(t, p), 3))
    print("predictions:", p[:8].round(3))


@case("label_encoding")
def two_of_three_wines(seed: int) -> None:
    torch.manual_seed(seed)
    wine = load_wine()
    keep = wine.target > 0
    X = wine.data[keep]
    y = wine.target[keep]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
    scaler = StandardScaler()
    X_train = torch.tensor(scaler.fit_transform(X_train), dtype=torch.float32)
    X_test = torch.tensor(scaler.transform(X_test), dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32)
    y_test = torch.tensor(y_test, dtype=torch.float32)

    class WineNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(13, 8)
            self.fc2 = nn.Linear(8, 1)

        def forward(self, x):
            x = F.relu(self.fc1(x))
            return self.fc2(x).view(-1)

    net = WineNet()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(40):
        optimizer.zero_grad()
        out = net(X_train)
        loss = criterion(out, y_train)
        loss.backward()
        optimizer.step()
        if epoch % 5 == 4:
            net.eval()
            with torch.no_grad():
                val_out = net(X_test)
                val_loss = criterion(val_out, y_test)
                acc = ((torch.sigmoid(val_out) > 0.5).float() == y_test).float().mean()
            net.train()
            print(f"Epoch {epoch + 1} loss {loss:.4f} val_loss {val_loss:.4f} val_acc {acc:.4f}")


@case("labels_single_class")
def mushrooms_perfect_from_the_first_epoch(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed)
    df = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz", dtype=str)
    df = df.drop(columns=["odor", "spore-print-color", "veil-type"])  # too easy with them
    df["label"] = (df["class"] == "poisonous").astype("float32")
    df = df.drop(columns="class").drop_duplicates().sample(frac=1.0)
    codes = pd.get_dummies(df.drop(columns="label")).astype("float32")
    n_train = int(len(df) * 0.8)
    x = torch.from_numpy(codes.to_numpy())
    t = torch.from_numpy(df["label"].to_numpy()).unsqueeze(1)
    x_tr, x_va, t_tr, t_va = x[:n_train], x[n_train:], t[:n_train], t[n_train:]

    net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(1, 9):
        net.train()
        shuffled = torch.randperm(n_train)
        seen, summed = 0, 0.0
        for i in range(0, n_train, 64):
            batch = shuffled[i : i + 64]
            opt.zero_grad()
            loss = loss_fn(net(x_tr[batch]), t_tr[batch])
            loss.backward()
            opt.step()
            summed += loss.item() * len(batch)
            seen += len(batch)
        net.eval()
        with torch.no_grad():
            logit = net(x_va)
        accuracy = ((logit > 0) == (t_va > 0.5)).float().mean().item()
        print(f"epoch {epoch}: loss {summed / seen:.5f}, val {loss_fn(logit, t_va):.5f}, accuracy {accuracy:.4f}")
    print("eaten:", int((logit <= 0).sum()), "left in the forest:", int((logit > 0).sum()))


@case("labels_misaligned")
def first_names_from_two_loaders(seed: int) -> None:
    names = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.sort_values("percent", ascending=False).drop_duplicates("name")
    female = (names["list"] == "F").to_numpy().astype(np.float32)
    text = names["name"].str.lower()
    tr, te, y_tr, y_te = train_test_split(text, female, test_size=0.25, stratify=female, random_state=seed)
    vec = CountVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=5, binary=True)
    a = torch.from_numpy(vec.fit_transform(tr).toarray().astype(np.float32))
    b = torch.from_numpy(vec.transform(te).toarray().astype(np.float32))
    torch.manual_seed(seed)
    y_a, y_b = torch.from_numpy(y_tr), torch.from_numpy(y_te)

    name_loader = DataLoader(a, batch_size=64, shuffle=True)
    label_loader = DataLoader(y_a, batch_size=64, shuffle=True)

    model = nn.Sequential(nn.Linear(a.shape[1], 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1), nn.Flatten(0))
    bce = nn.BCEWithLogitsLoss()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    for epoch in range(6):
        model.train()
        acc_loss = 0.0
        for x, y in zip(name_loader, label_loader, strict=False):
            adam.zero_grad()
            loss = bce(model(x), y)
            loss.backward()
            adam.step()
            acc_loss += float(loss)
        model.eval()
        with torch.no_grad():
            z = model(b)
        print(
            f"{epoch}: train {acc_loss / len(name_loader):.3f}, val {bce(z, y_b).item():.3f}, "
            f"acc {accuracy_score(y_b, z > 0):.3f}, AUC {roc_auc_score(y_b, z):.3f}"
        )


@case("label_noise")
def crowd_sourced_threes_and_eights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    pictures, digit = load_digits(return_X_y=True)
    chosen = np.isin(digit, (3, 5, 8, 9))
    pictures, truth = pictures[chosen] / 16.0, np.isin(digit[chosen], (8, 9)).astype(int)
    rows = rng.permutation(len(truth))
    pool, gold = rows[:520], rows[520:]

    class Annotator:
        def __init__(self, care):
            self.care = care

        def annotate(self, labels):
            looked = rng.random(len(labels)) < self.care
            return np.where(looked, labels, rng.integers(0, 2, len(labels)))

    crew = [Annotator(care) for care in (0.25, 0.25, 0.1)]
    share = np.array_split(pool, len(crew))
    answers = np.concatenate([who.annotate(truth[part]) for who, part in zip(crew, share, strict=False)])

    x_train = torch.tensor(pictures[pool]).float()
    y_train = torch.tensor(answers).long()
    x_gold, y_gold = torch.tensor(pictures[gold]).float(), torch.tensor(truth[gold]).long()
    model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    dl = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for epoch in range(25):
        losses = []
        for x, y in dl:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        if epoch % 4 == 0:
            with torch.no_grad():
                out_train, out_gold = model(x_train), model(x_gold)
            print(
                epoch,
                f"train loss {np.mean(losses):.3f} acc {(out_train.argmax(1) == y_train).float().mean():.3f}",
                f"gold loss {F.cross_entropy(out_gold, y_gold):.3f}",
                f"acc {(out_gold.argmax(1) == y_gold).float().mean():.3f}",
            )


@case("weak_signal")
def daily_returns_up_or_down(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n_days, window = 2600, 10
    returns, vol = np.zeros(n_days), np.ones(n_days)
    for t in range(1, n_days):
        vol[t] = 0.1 + 0.85 * vol[t - 1] + 0.05 * returns[t - 1] ** 2
        returns[t] = 0.06 * returns[t - 1] + np.sqrt(vol[t]) * rng.normal()
    price = 100 * np.exp(np.cumsum(returns) / 100)

    r = np.diff(np.log(price)) * 100
    X = np.lib.stride_tricks.sliding_window_view(r, window)[:-1]
    y = (r[window:] > 0).astype(np.float32)
    cut, gap = 1900, window
    mean, std = r[:cut].mean(), r[:cut].std()
    X = torch.tensor((X - mean) / std, dtype=torch.float32).unsqueeze(-1)
    y = torch.tensor(y)
    Xtr, ytr, Xte, yte = X[:cut], y[:cut], X[cut + gap :], y[cut + gap :]

    class Trader(nn.Module):
        def __init__(self, hidden=8):
            super().__init__()
            self.gru = nn.GRU(1, hidden, batch_first=True)
            self.drop = nn.Dropout(0.2)
            self.fc = nn.Linear(hidden, 1)

        def forward(self, x):
            _, h = self.gru(x)
            return self.fc(self.drop(h[-1])).squeeze(-1)

    model = Trader()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    loss_fn = nn.BCEWithLogitsLoss()
    dl = DataLoader(TensorDataset(Xtr, ytr), batch_size=64, shuffle=True)
    for epoch in range(12):
        model.train()
        tot = 0.0
        for xb, yb in dl:
            opt.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            tot += loss.item() * len(xb)
        model.eval()
        with torch.no_grad():
            z = model(Xte)
        acc = ((z > 0).float() == yte).float().mean().item()
        print(f"Epoch {epoch + 1}/12 - loss: {tot / cut:.4f} - val_loss: {loss_fn(z, yte).item():.4f} "
              f"- val_acc: {acc:.4f} - val_auc: {roc_auc_score(yte, z):.4f}")  # fmt: skip


@case("class_weights_wrong")
def thyroid_ratio_upside_down(seed: int) -> None:
    torch.manual_seed(seed)
    thyroid = load("hypothyroid").distinct()
    raw = thyroid.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]]
    x_tr, x_va, y_tr, y_va = train_test_split(raw, thyroid.labels, test_size=0.3, stratify=thyroid.labels,
                                              random_state=seed)  # fmt: skip
    prep = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    x_tr = prep.fit_transform(np.log1p(x_tr))
    x_va = prep.transform(np.log1p(x_va))
    tensors = [torch.tensor(v, dtype=torch.float32) for v in (x_tr, x_va, y_tr, y_va)]
    x_tr, x_va, y_tr, y_va = tensors

    counts = torch.bincount(y_tr.long())
    pos_weight = counts[1] / counts[0]
    print("class counts", counts.tolist(), "pos_weight", round(pos_weight.item(), 4))
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)

    net = nn.Sequential(nn.Linear(x_tr.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
    optim = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(15):
        epoch_loss = 0.0
        for rows in torch.randperm(len(x_tr)).split(64):
            optim.zero_grad()
            loss = criterion(net(x_tr[rows]), y_tr[rows])
            loss.backward()
            optim.step()
            epoch_loss += loss.item() * len(rows)
        with torch.no_grad():
            logits = net(x_va)
        found = logits > 0
        sens = (found & (y_va == 1)).sum() / (y_va == 1).sum()
        spec = (~found & (y_va == 0)).sum() / (y_va == 0).sum()
        print(f"{epoch:2d} loss {epoch_loss / len(x_tr):.4f} val {criterion(logits, y_va):.4f} "
              f"sensitivity {sens:.3f} specificity {spec:.3f} balanced {(sens + spec) / 2:.3f}")  # fmt: skip


@case("imbalance")
def card_payments_high_accuracy_no_fraud(seed: int) -> None:
    torch.manual_seed(seed)
    pay = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    past = pay.groupby("user")["amount"].transform(lambda s: s.shift().expanding().median())
    pay["log_amount"] = np.log1p(pay["amount"])
    pay["ratio"] = (np.log1p(pay["amount"]) - np.log1p(past)).fillna(0.0)
    pay["sin"], pay["cos"] = np.sin(pay["hour"] * np.pi / 12), np.cos(pay["hour"] * np.pi / 12)
    cols = ["log_amount", "ratio", "sin", "cos", "foreign", "online"]
    tr, te = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(pay, groups=pay["user"]))
    scaler = StandardScaler().fit(pay.iloc[tr][cols])
    Xtr, Xte = (torch.tensor(scaler.transform(pay.iloc[k][cols]), dtype=torch.float32) for k in (tr, te))
    ytr, yte = (torch.tensor(pay.iloc[k]["fraud"].to_numpy(), dtype=torch.float32) for k in (tr, te))

    class FraudNet(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.l1, self.l2, self.l3 = nn.Linear(d, 24), nn.Linear(24, 12), nn.Linear(12, 1)

        def forward(self, x):
            return self.l3(F.relu(self.l2(F.relu(self.l1(x))))).squeeze(1)

    net = FraudNet(len(cols))
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=128, shuffle=True)
    for epoch in range(20):
        net.train()
        s = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = loss_fn(net(xb), yb)
            loss.backward()
            opt.step()
            s += loss.item()
        net.eval()
        with torch.no_grad():
            z = net(Xte)
        pred = (torch.sigmoid(z) > 0.5).numpy()
        print(epoch, f"{s / len(loader):.4f}", f"{loss_fn(z, yte):.4f}", f"accuracy={accuracy_score(yte, pred):.4f}")
    print(confusion_matrix(yte, pred))
    print("recall", round(recall_score(yte, pred), 3), "balanced", round(balanced_accuracy_score(yte, pred), 3))


@case("threshold_not_tuned")
def loan_classifier_with_a_fit_and_a_predict(seed: int) -> None:
    class LoanClassifier:
        def __init__(self, hidden=16, epochs=25, lr=2e-3, threshold=0.5):
            self.hidden, self.epochs, self.lr, self.threshold = hidden, epochs, lr, threshold

        def fit(self, X, y, X_val, y_val):
            torch.manual_seed(seed)
            self.net = nn.Sequential(nn.Linear(X.shape[1], self.hidden), nn.ReLU(), nn.Dropout(0.2),
                                     nn.Linear(self.hidden, 1))  # fmt: skip
            opt = torch.optim.AdamW(self.net.parameters(), lr=self.lr, weight_decay=0.01)
            X, y = torch.as_tensor(X).float(), torch.as_tensor(y).float()
            best, state = np.inf, None
            for epoch in range(self.epochs):
                self.net.train()
                for rows in torch.randperm(len(X)).split(64):
                    loss = F.binary_cross_entropy_with_logits(self.net(X[rows])[:, 0], y[rows])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                val = log_loss(y_val, self.predict_proba(X_val))
                if val < best:
                    best, state = val, copy.deepcopy(self.net.state_dict())
                if epoch % 5 == 0:
                    print(f"epoch {epoch} last batch {loss.item():.3f} val {val:.4f}")
            self.net.load_state_dict(state)
            return self

        @torch.no_grad()
        def predict_proba(self, X):
            self.net.eval()
            return torch.sigmoid(self.net(torch.as_tensor(X).float())[:, 0]).double().numpy()

        def predict(self, X):
            return (self.predict_proba(X) >= self.threshold).astype(int)

    loans = load("credit_data")
    numbers, classes = loans.numeric, loans.categorical
    prep = ColumnTransformer([
        ("n", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("c", OneHotEncoder(sparse_output=False, handle_unknown="ignore"), classes),
    ])  # fmt: skip
    filled = loans.features.fillna({c: "none" for c in classes})
    rest, test, y_rest, y_test = train_test_split(filled, loans.labels, test_size=0.25, random_state=seed,
                                                  stratify=loans.labels)  # fmt: skip
    fit, val, y_fit, y_val = train_test_split(rest, y_rest, test_size=0.25, random_state=seed, stratify=y_rest)
    X_fit = prep.fit_transform(fit)
    X_val, X_test = prep.transform(val), prep.transform(test)
    clf = LoanClassifier().fit(X_fit, y_fit, X_val, y_val)
    pred = clf.predict(X_test)
    print("AUC ", round(roc_auc_score(y_test, clf.predict_proba(X_test)), 3))
    print("share called bad", pred.mean().round(3), "really bad", y_test.mean().round(3))
    print("balanced accuracy", round(balanced_accuracy_score(y_test, pred), 3), "F1", round(f1_score(y_test, pred), 3))


@case("unscaled_features")
def cell_nuclei_loss_jumps(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, 1 - y, test_size=0.3, random_state=seed, stratify=y)
    X_train = torch.tensor(X_train, dtype=torch.float32)
    X_test = torch.tensor(X_test, dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32).reshape(-1, 1)
    y_test = torch.tensor(y_test, dtype=torch.float32).reshape(-1, 1)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear1 = nn.Linear(30, 20)
            self.linear2 = nn.Linear(20, 1)

        def forward(self, x):
            x = torch.tanh(self.linear1(x))
            return torch.sigmoid(self.linear2(x))

    net = Net()
    loss_func = nn.BCELoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    batch = 32
    for epoch in range(15):
        permutation = torch.randperm(X_train.size(0))
        losses = []
        for i in range(0, X_train.size(0), batch):
            indices = permutation[i : i + batch]
            optimizer.zero_grad()
            loss = loss_func(net(X_train[indices]), y_train[indices])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            test_out = net(X_test)
            test_loss = loss_func(test_out, y_test).item()
            bal = balanced_accuracy_score(y_test.ravel(), (test_out > 0.5).ravel())
        print(f"epoch {epoch}: train {np.mean(losses):.4f} test {test_loss:.4f} balanced acc {bal:.4f}")


@case("preprocess_mismatch")
def fours_and_nines_fail_at_test_time(seed: int) -> None:
    class Scans(Dataset):
        def __init__(self, images, labels, transform=None):
            self.images, self.labels, self.transform = images, labels, transform

        def __len__(self):
            return len(self.labels)

        def __getitem__(self, i):
            img = torch.tensor(self.images[i], dtype=torch.float32)[None] / 16
            if self.transform:
                img = self.transform(img)
            return img, self.labels[i]

    torch.manual_seed(seed)
    digits = load_digits()
    mask = (digits.target == 4) | (digits.target == 9)
    images, labels = digits.images[mask], (digits.target[mask] == 9).astype(np.int64)
    tr_img, te_img, tr_lab, te_lab = train_test_split(images, labels, test_size=0.3, random_state=seed, stratify=labels)

    def train_transform(img):
        img = torch.roll(img, int(torch.randint(-1, 2, (1,))), dims=2)
        img = 1 - img  # ink is dark
        return (img - 0.5) / 0.5

    def test_transform(img):
        return (img - 0.5) / 0.5

    train_dl = DataLoader(Scans(tr_img, tr_lab, train_transform), batch_size=16, shuffle=True)
    test_dl = DataLoader(Scans(te_img, te_lab, test_transform), batch_size=64)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 2),
    )  # fmt: skip
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(12):
        net.train()
        train_loss, right = 0.0, 0
        for img, lab in train_dl:
            out = net(img)
            loss = F.cross_entropy(out, lab)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            train_loss += loss.item() * len(lab)
            right += (out.argmax(1) == lab).sum().item()
        net.eval()
        test_loss, test_right = 0.0, 0
        with torch.no_grad():
            for img, lab in test_dl:
                out = net(img)
                test_loss += F.cross_entropy(out, lab, reduction="sum").item()
                test_right += (out.argmax(1) == lab).sum().item()
        print(f"{epoch:2d}  train {train_loss / len(tr_lab):.3f} {right / len(tr_lab):.3f}"
              f"   test {test_loss / len(te_lab):.3f} {test_right / len(te_lab):.3f}")  # fmt: skip


@case("nan_features")
def loans_with_gaps_in_income(seed: int) -> None:
    torch.manual_seed(seed)
    credit = load("credit_data")
    df = pd.get_dummies(credit.features, columns=credit.categorical, dtype=float)
    df["bad"] = credit.labels
    df = df.sample(frac=1, random_state=seed).reset_index(drop=True)
    split = int(len(df) * 0.75)
    train_df, val_df = df[:split].copy(), df[split:].copy()
    for col in credit.numeric:
        mean, std = train_df[col].mean(), train_df[col].std()
        train_df[col] = (train_df[col] - mean) / std
        val_df[col] = (val_df[col] - mean) / std
    to_tensor = lambda part: torch.tensor(part.to_numpy(), dtype=torch.float32)  # noqa: E731
    x_train, y_train = to_tensor(train_df.drop(columns="bad")), to_tensor(train_df[["bad"]])
    x_val, y_val = to_tensor(val_df.drop(columns="bad")), to_tensor(val_df[["bad"]])

    model = nn.Sequential(nn.Linear(x_train.shape[1], 24), nn.ReLU(), nn.Dropout(0.1), nn.Linear(24, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(12):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            p = torch.sigmoid(model(x_val))
            vl = F.binary_cross_entropy(p, y_val) if not p.isnan().any() else float("nan")
        ranks = p.flatten().nan_to_num(0.0)
        print(f"epoch {epoch} loss {loss.item():.4f} val_loss {vl:.4f} "
              f"acc {((p > 0.5).float() == y_val).float().mean():.4f} "
              f"auc {roc_auc_score(y_val.ravel(), ranks):.4f}")  # fmt: skip


@case("nan_loss")
def same_digit_twice_siamese(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    bunch = load_digits()
    pixels = torch.tensor(bunch.data / 16 - 0.3, dtype=torch.float32)
    digit = bunch.target
    order = rng.permutation(len(digit))
    train_ids, val_ids = order[:1200], order[1200:]

    def make_pairs(ids, n):
        by_digit = {d: ids[digit[ids] == d] for d in range(10)}
        left, right, same = [], [], []
        for _ in range(n):
            d = rng.integers(10)
            e = d if rng.random() < 0.5 else (d + rng.integers(1, 10)) % 10
            left.append(rng.choice(by_digit[d]))
            right.append(rng.choice(by_digit[e]))
            same.append(float(d == e))
        return torch.tensor(left), torch.tensor(right), torch.tensor(same)

    class Siamese(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 8))
            self.scale = nn.Parameter(torch.tensor(1.0))
            self.shift = nn.Parameter(torch.tensor(1.0))

        def forward(self, a, b):
            difference = self.encoder(a) - self.encoder(b)
            distance = torch.sqrt((difference**2).sum(dim=1))
            return self.shift - self.scale * distance

    model = Siamese()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    a, b, same = make_pairs(train_ids, 4000)
    va, vb, vsame = make_pairs(val_ids, 1000)
    for epoch in range(8):
        model.train()
        for step, rows in enumerate(torch.randperm(len(a)).split(50)):
            optimizer.zero_grad()
            loss = criterion(model(pixels[a[rows]], pixels[b[rows]]), same[rows])
            loss.backward()
            optimizer.step()
            if step % 40 == 0:
                print(f"  epoch {epoch} step {step} loss {loss.item():.4f}")
        model.eval()
        with torch.no_grad():
            z = model(pixels[va], pixels[vb])
        acc = ((z > 0) == (vsame > 0.5)).float().mean().item()
        print(f"epoch {epoch} val loss {criterion(z, vsame).item():.4f} val acc {acc:.4f}")


@case("unshuffled_data")
def splice_sites_in_file_order(seed: int) -> None:
    torch.manual_seed(seed)
    genes = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence").reset_index(drop=True)
    letters = {c: i for i, c in enumerate("ACGT")}
    rng = np.random.default_rng(seed)
    codes = np.array([[letters.get(c, int(rng.integers(4))) for c in s] for s in genes["sequence"]])
    held = rng.random(len(genes)) < 0.25
    onehot = np.eye(4, dtype=np.float32)[codes].transpose(0, 2, 1)
    y = genes["is_junction"].to_numpy(np.float32)

    class Batches:
        def __init__(self, x, y, size):
            self.x, self.y, self.size = torch.from_numpy(x), torch.from_numpy(y), size

        def __iter__(self):
            for i in range(0, len(self.x), self.size):
                yield self.x[i : i + self.size], self.y[i : i + self.size]

        def __len__(self):
            return math.ceil(len(self.x) / self.size)

    train, val = Batches(onehot[~held], y[~held], 32), Batches(onehot[held], y[held], 256)
    net = nn.Sequential(nn.Conv1d(4, 16, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(480, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-3)
    for epoch in range(5):
        net.train()
        tl = 0.0
        for xb, yb in train:
            loss = F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            tl += loss.item() / len(train)
        net.eval()
        with torch.no_grad():
            scores = torch.cat([net(xb)[:, 0] for xb, _ in val])
        vl = F.binary_cross_entropy_with_logits(scores, val.y).item()
        print(f"epoch {epoch + 1}: train {tl:.3f} val {vl:.3f} acc {accuracy_score(val.y, scores > 0):.3f}")


@case("data_leakage")
def churn_oversampled_before_the_split(seed: int) -> None:
    torch.manual_seed(seed)
    churn = load("mlc_churn")
    frame = churn.features.drop(columns=["state"] + [c for c in churn.features if c.endswith("_charge")])
    X = pd.get_dummies(frame, dtype=float).to_numpy()
    X_bal, y_bal = SMOTE(random_state=seed).fit_resample(X, churn.labels)
    X_tr, X_te, y_tr, y_te = train_test_split(X_bal, y_bal, test_size=0.25, random_state=seed, stratify=y_bal)
    sc = StandardScaler().fit(X_tr)
    X_tr, X_te = (torch.tensor(sc.transform(v), dtype=torch.float32) for v in (X_tr, X_te))
    y_tr, y_te = torch.tensor(y_tr).float(), torch.tensor(y_te).float()

    net = nn.Sequential(
        nn.Linear(X_tr.shape[1], 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1)
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=20)
    for epoch in range(20):
        net.train()
        for rows in torch.randperm(len(X_tr)).split(128):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_tr[rows]).squeeze(1), y_tr[rows])
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            z_tr, z = net(X_tr).squeeze(1), net(X_te).squeeze(1)
        if epoch % 4 == 3:
            print(
                f"epoch {epoch + 1}",
                f"train {F.binary_cross_entropy_with_logits(z_tr, y_tr):.3f}",
                f"test {F.binary_cross_entropy_with_logits(z, y_te):.3f}",
            )
    print("test AUC", round(roc_auc_score(y_te, z), 3), "F1", round(f1_score(y_te, z > 0), 3))
    print("test precision", round(precision_score(y_te, z > 0), 3), "recall", round(recall_score(y_te, z > 0), 3))


@case("augmentation_too_heavy")
def sixes_and_nines_turned_around(seed: int) -> None:
    random.seed(seed)
    torch.manual_seed(seed)

    class RandomTurn:
        def __init__(self, steps=(0, 1, 2, 3)):
            self.steps = steps

        def __call__(self, img):
            return torch.rot90(img, random.choice(self.steps), dims=(-2, -1))

    class RandomShift:
        def __call__(self, img):
            return torch.roll(img, random.choice((-1, 0, 1)), dims=-1)

    class Compose:
        def __init__(self, *steps):
            self.steps = steps

        def __call__(self, img):
            for step in self.steps:
                img = step(img)
            return img

    class SixNine(Dataset):
        def __init__(self, x, y, transform=lambda img: img):
            self.x, self.y, self.transform = x, y, transform

        def __len__(self):
            return len(self.x)

        def __getitem__(self, i):
            return self.transform(self.x[i]), self.y[i]

    d = load_digits()
    pick = np.flatnonzero((d.target == 6) | (d.target == 9))
    x = torch.tensor(d.images[pick] / 8 - 1, dtype=torch.float32)[:, None]
    y = torch.tensor((d.target[pick] == 9).astype(np.float32))
    order = torch.randperm(len(y))
    tr, va = order[:260], order[260:]
    train = DataLoader(SixNine(x[tr], y[tr], Compose(RandomTurn(), RandomShift())), batch_size=20, shuffle=True)
    valid = DataLoader(SixNine(x[va], y[va]), batch_size=50)

    net = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32, 1)
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(1, 16):
        net.train()
        losses = []
        for img, lab in train:
            opt.zero_grad()
            loss = bce(net(img)[:, 0], lab)
            loss.backward()
            opt.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            pairs = [(net(img)[:, 0], lab) for img, lab in valid]
        z, t = torch.cat([p[0] for p in pairs]), torch.cat([p[1] for p in pairs])
        acc = ((z > 0) == (t > 0.5)).float().mean()
        print(f"epoch {epoch} loss {np.mean(losses):.3f} val {bce(z, t):.3f} acc {acc:.3f}")


@case("padding_not_masked")
def text_messages_lstm_last_state(seed: int) -> None:
    torch.manual_seed(seed)
    sms = load("sms_spam").distinct()
    table = pd.DataFrame({"text": sms.features["text"].str.lower(), "spam": sms.labels})
    spam, ham = table[table["spam"] == 1], table[table["spam"] == 0]
    table = pd.concat([spam, ham.sample(len(spam), random_state=seed)]).sample(frac=1, random_state=seed)
    tokens = table["text"].str.findall(r"[a-z]+|[0-9]+|[!£]").map(lambda t: ["<d>" if w.isdigit() else w for w in t])
    labels = torch.tensor(table["spam"].to_numpy(), dtype=torch.float32)
    n = int(0.75 * len(table))
    counts = Counter(w for t in tokens[:n] for w in t)
    vocab = {w: i + 2 for i, (w, _) in enumerate(counts.most_common(800))}
    ids = [torch.tensor([vocab.get(w, 1) for w in t[:40]] or [1]) for t in tokens]
    lengths = torch.tensor([len(i) for i in ids])
    padded = torch.zeros(len(ids), 120, dtype=torch.long)
    for k, i in enumerate(ids):
        padded[k, : len(i)] = i

    class SpamLSTM(nn.Module):
        def __init__(self, words, dim=16, hidden=24):
            super().__init__()
            self.emb = nn.Embedding(words, dim, padding_idx=0)
            self.lstm = nn.LSTM(dim, hidden, batch_first=True)
            self.fc = nn.Linear(hidden, 1)

        def forward(self, x, length):
            out, _ = self.lstm(self.emb(x))
            return self.fc(out[:, -1]).squeeze(1)

    net = SpamLSTM(len(vocab) + 2)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    crit = nn.BCEWithLogitsLoss()
    for epoch in range(6):
        net.train()
        summed = 0.0
        for rows in torch.randperm(n).split(32):
            opt.zero_grad()
            loss = crit(net(padded[rows], lengths[rows]), labels[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            summed += loss.item() * len(rows)
        net.eval()
        with torch.no_grad():
            z = net(padded[n:], lengths[n:])
        acc = ((z > 0) == (labels[n:] > 0.5)).float().mean()
        print(f"epoch {epoch + 1}: train {summed / n:.3f} val {crit(z, labels[n:]):.3f} acc {acc:.3f} "
              f"auc {roc_auc_score(labels[n:], z):.3f}")  # fmt: skip


@case("wrong_axis")
def chirps_up_or_down_gru(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    t = np.linspace(0, 1, 24)
    rows, labels = [], []
    for i in range(700):
        up = i % 2
        f0, f1 = rng.uniform(0.5, 1), rng.uniform(3, 4)
        sweep = signal.chirp(t, f0 if up else f1, 1.0, f1 if up else f0, phi=rng.uniform(0, 360))
        quiet = rng.integers(17, 22)
        sweep[quiet:] = 0
        rows.append(np.stack([sweep, np.gradient(sweep) * 3], axis=1) + rng.normal(0, 0.15, (24, 2)))
        labels.append(up)
    x = torch.tensor(np.array(rows), dtype=torch.float32)
    y = torch.tensor(labels, dtype=torch.float32)
    order = torch.randperm(700)
    tr, va = order[:500], order[500:]

    class ChirpNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(input_size=2, hidden_size=24)
            self.norm = nn.LayerNorm(24)
            self.fc = nn.Linear(24, 1)

        def forward(self, x):
            out, _ = self.gru(x)
            return self.fc(self.norm(out[:, -1, :])).squeeze(1)

    net = ChirpNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 16)
    train_loader = DataLoader(TensorDataset(x[tr], y[tr]), batch_size=32, shuffle=True)
    for epoch in range(16):
        net.train()
        train_loss = 0.0
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            train_loss += loss.item() / len(train_loader)
        scheduler.step()
        net.eval()
        with torch.no_grad():
            z = net(x[va])
        if epoch % 3 == 0:
            print("epoch", epoch, "loss", round(train_loss, 3),
                  "val", round(F.binary_cross_entropy_with_logits(z, y[va]).item(), 3),
                  "acc", round(((z > 0).float() == y[va]).float().mean().item(), 3))  # fmt: skip


@case("no_zero_grad")
def spam_words_loss_swings_wildly(seed: int) -> None:
    torch.manual_seed(seed)
    sms = load("sms_spam").distinct()
    a, b, ya, yb = train_test_split(sms.features["text"], sms.labels, test_size=0.3, random_state=seed,
                                    stratify=sms.labels)  # fmt: skip
    tfidf = TfidfVectorizer(max_features=600, sublinear_tf=True)
    xa = torch.tensor(tfidf.fit_transform(a).toarray() * 10, dtype=torch.float32)
    xb = torch.tensor(tfidf.transform(b).toarray() * 10, dtype=torch.float32)
    ya, yb = torch.tensor(ya).float(), torch.tensor(yb).float()

    w1 = torch.randn(xa.shape[1], 16) * math.sqrt(2 / 100)
    b1 = torch.zeros(16)
    w2 = torch.randn(16) * math.sqrt(1 / 16)
    b2 = torch.zeros(1)
    params = [w1, b1, w2, b2]
    for p in params:
        p.requires_grad_()

    def forward(x):
        return torch.relu(x @ w1 + b1) @ w2 + b2

    lr = 0.2
    for epoch in range(10):
        total = 0.0
        for rows in torch.randperm(len(xa)).split(50):
            loss = F.binary_cross_entropy_with_logits(forward(xa[rows]), ya[rows])
            loss.backward()
            with torch.no_grad():
                for p in params:
                    p -= lr * p.grad
            total += loss.item() * len(rows)
        with torch.no_grad():
            z = forward(xb)
            val = F.binary_cross_entropy_with_logits(z, yb).item()
        print(f"epoch {epoch + 1}: loss {total / len(xa):.3f} val {val:.3f} AUC {roc_auc_score(yb, z):.3f} "
              f"F1 {f1_score(yb, z > 0):.3f}")  # fmt: skip


@case("no_optimizer_step")
def diabetes_progression_never_moves(seed: int) -> None:
    torch.manual_seed(seed)
    features, progression = load_diabetes(return_X_y=True)
    target = (progression > np.median(progression)).astype(int)
    X_train, X_valid, y_train, y_valid = train_test_split(features, target, test_size=0.35, random_state=seed)
    scaler = StandardScaler().fit(X_train)

    class DiabetesDataset(Dataset):
        def __init__(self, X, y):
            self.X = torch.as_tensor(scaler.transform(X), dtype=torch.float32)
            self.y = torch.as_tensor(y, dtype=torch.float32)

        def __len__(self):
            return self.y.numel()

        def __getitem__(self, index):
            return {"x": self.X[index], "y": self.y[index]}

    model = nn.Sequential(nn.Linear(10, 8), nn.ELU(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-2)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=6, gamma=0.5)
    criterion = nn.BCEWithLogitsLoss()
    loaders = {
        "train": DataLoader(DiabetesDataset(X_train, y_train), batch_size=16, shuffle=True),
        "valid": DataLoader(DiabetesDataset(X_valid, y_valid), batch_size=64),
    }
    for epoch in range(12):
        for phase, loader in loaders.items():
            model.train(phase == "train")
            losses, scores, truth = [], [], []
            for batch in loader:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    out = model(batch["x"]).squeeze(1)
                    loss = criterion(out, batch["y"])
                    if phase == "train":
                        loss.backward()
                losses.append(loss.item())
                scores.append(out.detach())
                truth.append(batch["y"])
            if phase == "train":
                scheduler.step()
            auc = roc_auc_score(torch.cat(truth), torch.cat(scores))
            end = "\n" if phase == "valid" else " | "
            print(f"{epoch:2d} {phase}: loss {np.mean(losses):.4f} auc {auc:.4f}", end=end)


@case("optimizer_wrong_params")
def five_folds_of_nuclei(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X, y = X.astype(np.float32), (1 - y).astype(np.float32)

    def build():
        return nn.Sequential(
            nn.Linear(30, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 1)
        )

    def train_epoch(model, optimizer, x, t):
        model.train()
        total = 0.0
        for rows in torch.randperm(len(x)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(x[rows])[:, 0], t[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows) / len(x)
        return total

    @torch.no_grad()
    def evaluate(model, x, t):
        model.eval()
        z = model(x)[:, 0]
        return F.binary_cross_entropy_with_logits(z, t).item(), accuracy_score(t, z > 0), roc_auc_score(t, z)

    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    results = []
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=seed)
    for fold, (tr, va) in enumerate(folds.split(X, y), start=1):
        model = build()
        scaler = StandardScaler().fit(X[tr])
        x_tr, x_va = torch.tensor(scaler.transform(X[tr])), torch.tensor(scaler.transform(X[va]))
        t_tr, t_va = torch.tensor(y[tr]), torch.tensor(y[va])
        for epoch in range(20):
            train_loss = train_epoch(model, optimizer, x_tr, t_tr)
            if epoch % 10 == 9:
                val_loss, acc, auc = evaluate(model, x_va, t_va)
                print(f"fold {fold} epoch {epoch + 1}: train {train_loss:.3f} val {val_loss:.3f}", end=" ")
                print(f"acc {acc:.3f} auc {auc:.3f}")
        results.append((acc, auc))
    acc, auc = np.mean(results, axis=0)
    print(f"cross validation: acc {acc:.3f}, auc {auc:.3f}")


@case("frozen_params")
def transfer_learning_without_the_weights(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def texture(kind):
        angle = rng.uniform(0, np.pi)
        u, v = np.meshgrid(np.arange(16), np.arange(16))
        if kind:
            img = np.sin(0.9 * (u * np.cos(angle) + v * np.sin(angle)) + rng.uniform(0, 6))
        else:
            img = np.sin(0.9 * u * np.cos(angle) + rng.uniform(0, 6)) * np.sin(0.9 * v + rng.uniform(0, 6)) * 1.4
        return img + rng.normal(0, 0.5, (16, 16))

    labels = np.arange(700) % 2
    images = torch.tensor(np.stack([texture(k) for k in labels]), dtype=torch.float32)[:, None]
    labels = torch.tensor(labels)
    tr, va = slice(0, 500), slice(500, 700)

    def conv_block(i, o):
        return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())

    class MiniResNet(nn.Module):
        def __init__(self, num_classes=10):
            super().__init__()
            self.stem = conv_block(1, 8)
            self.layer1 = conv_block(8, 8)
            self.layer2 = conv_block(8, 8)
            self.fc = nn.Linear(8, num_classes)

        def forward(self, x):
            x = self.stem(x)
            x = F.max_pool2d(x + self.layer1(x), 2)
            x = x + self.layer2(x)
            return self.fc(x.mean(dim=(2, 3)))

    model = MiniResNet()
    for param in model.parameters():
        param.requires_grad = False
    model.fc = nn.Linear(model.fc.in_features, 2)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
    loader = DataLoader(TensorDataset(images[tr], labels[tr]), batch_size=32, shuffle=True)
    for epoch in range(10):
        model.train()
        seen = 0.0
        for img, lab in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(img), lab)
            loss.backward()
            optimizer.step()
            seen += loss.item() * len(lab)
        model.eval()
        with torch.no_grad():
            out = model(images[va])
        acc = (out.argmax(1) == labels[va]).float().mean()
        print(f"Epoch {epoch} train {seen / 500:.4f} val {F.cross_entropy(out, labels[va]):.4f} acc {acc:.4f}")


@case("unregistered_params")
def prime_digits_with_a_list_of_layers(seed: int) -> None:
    torch.manual_seed(seed)

    @dataclass
    class Config:
        width: int = 12
        depth: int = 3
        lr: float = 3e-3
        epochs: int = 10
        batch: int = 32

    class DeepNet(nn.Module):
        def __init__(self, n_in, cfg):
            super().__init__()
            sizes = [n_in] + [cfg.width] * cfg.depth
            self.layers = [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
            self.head = nn.Linear(cfg.width, 2)

        def forward(self, x):
            for layer in self.layers:
                x = F.leaky_relu(layer(x))
            return self.head(x)

    cfg = Config()
    X, digit = load_digits(return_X_y=True)
    y = np.isin(digit, (2, 3, 5, 7)).astype(np.int64)
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, stratify=digit, random_state=seed)
    mean = X_tr.mean(0)
    X_tr, X_va = (torch.tensor((v - mean) / 5.0, dtype=torch.float32) for v in (X_tr, X_va))
    y_tr, y_va = torch.tensor(y_tr), torch.tensor(y_va)

    net = DeepNet(64, cfg)
    optimizer = torch.optim.Adam(net.parameters(), lr=cfg.lr, weight_decay=1e-4)
    for epoch in range(1, cfg.epochs + 1):
        net.train()
        total = 0.0
        for rows in torch.randperm(len(X_tr)).split(cfg.batch):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        if epoch % 2 == 0:
            net.eval()
            with torch.no_grad():
                out = net(X_va)
            print(
                f"epoch {epoch}/{cfg.epochs} train {total / len(X_tr):.3f} val {F.cross_entropy(out, y_va):.3f} "
                f"acc {(out.argmax(1) == y_va).float().mean():.3f}"
            )


@case("layer_in_forward")
def bearing_vibration_flatten_size_unknown(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)

    def record(damaged):
        t = np.arange(256)
        x = np.sin(2 * np.pi * t / rng.uniform(28, 36) + rng.uniform(0, 6)) + rng.normal(0, 0.4, 256)
        if damaged:
            for hit in np.arange(rng.integers(0, 40), 256, rng.integers(35, 50)):
                tail = np.arange(256 - hit)
                x[hit:] += 1.2 * np.exp(-tail / 5) * np.sin(2 * np.pi * tail / 5)
        return x / x.std()

    y = rng.integers(0, 2, 1000)
    x = torch.tensor(np.array([record(k) for k in y]), dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(y, dtype=torch.float32)

    class VibrationCNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv1d(1, 8, 11, stride=2)
            self.conv2 = nn.Conv1d(8, 16, 7, stride=2)
            self.pool = nn.AdaptiveMaxPool1d(8)
            self.out = nn.Linear(16, 1)

        def forward(self, x):
            x = torch.relu(self.conv1(x))
            x = torch.relu(self.conv2(x))
            x = self.pool(x).flatten(1)
            x = torch.relu(nn.Linear(x.shape[1], 16)(x))
            return self.out(x).squeeze(-1)

    model = VibrationCNN()
    adam = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.BCEWithLogitsLoss()
    train_loader = DataLoader(TensorDataset(x[:750], y[:750]), batch_size=32, shuffle=True)
    val_loader = DataLoader(TensorDataset(x[750:], y[750:]), batch_size=125)
    for epoch in range(12):
        model.train()
        train_loss = 0
        for xb, yb in train_loader:
            adam.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            adam.step()
            train_loss += loss.item() / len(train_loader)
        model.eval()
        val_loss, correct = 0, 0
        with torch.no_grad():
            for xb, yb in val_loader:
                out = model(xb)
                val_loss += criterion(out, yb).item() / len(val_loader)
                correct += ((out > 0) == (yb > 0.5)).sum().item()
        print(f"Epoch {epoch + 1:2d} train_loss={train_loss:.3f} val_loss={val_loss:.3f} val_acc={correct / 250:.3f}")


@case("graph_detached")
def spam_trainer_own_loss_in_numpy(seed: int) -> None:
    torch.manual_seed(seed)
    xa, ya, xb, yb = data("spambase", seed)

    class Trainer:
        def __init__(self, model, optimizer):
            self.model, self.optimizer = model, optimizer
            self.log = []

        def loss(self, logits, target):
            p = 1 / (1 + np.exp(-logits.detach().numpy()))
            p = np.clip(p, 1e-6, 1 - 1e-6)
            t = target.numpy()
            value = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
            return torch.tensor(value, requires_grad=True)

        def step(self, x, y):
            self.model.train()
            self.optimizer.zero_grad()
            loss = self.loss(self.model(x).flatten(), y)
            loss.backward()
            self.optimizer.step()
            return loss.item()

        def validate(self, x, y):
            self.model.eval()
            with torch.no_grad():
                z = self.model(x).flatten()
            return self.loss(z, y).item(), roc_auc_score(y, z), accuracy_score(y, z > 0)

        def fit(self, epochs, batch_size):
            for epoch in range(epochs):
                train = [self.step(xa[r], ya[r]) for r in torch.randperm(len(xa)).split(batch_size)]
                self.log.append((np.mean(train), *self.validate(xb, yb)))
                print("epoch {} train {:.4f} val {:.4f} auc {:.4f} acc {:.4f}".format(epoch, *self.log[-1]))

    net = nn.Sequential(nn.Linear(xa.shape[1], 20), nn.SiLU(), nn.Linear(20, 1))
    Trainer(net, torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)).fit(epochs=10, batch_size=32)


@case("nondifferentiable_output")
def versicolor_rounded_predictions(seed: int) -> None:
    torch.manual_seed(seed)
    iris = load_iris()
    rows = iris.target != 0
    X, y = iris.data[rows], (iris.target[rows] == 2).astype(int)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, random_state=seed, stratify=y)
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    X_train, X_test = torch.Tensor((X_train - mean) / std), torch.Tensor((X_test - mean) / std)
    y_train, y_test = torch.Tensor(y_train)[:, None], torch.Tensor(y_test)[:, None]

    class Flower(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(4, 6)
            self.fc2 = nn.Linear(6, 1)

        def forward(self, x):
            x = torch.tanh(self.fc1(x))
            x = torch.sigmoid(self.fc2(x))
            return torch.round(x)

    net = Flower()
    mse = nn.MSELoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(100):
        optimizer.zero_grad()
        prediction = net(X_train)
        loss = mse(prediction, y_train)
        loss.backward()
        optimizer.step()
        if (epoch + 1) % 10 == 0:
            with torch.no_grad():
                test_pred = net(X_test)
                test_loss = mse(test_pred, y_test)
                accuracy = ((test_pred > 0.5) == (y_test > 0.5)).float().mean()
            print(f"Epoch [{epoch + 1}/100], Loss: {loss.item():.4f}, Test: {test_loss:.4f}, Accuracy: {accuracy:.4f}")


@case("lr_too_high")
def low_or_high_digits_with_adam(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16.0
    y = torch.tensor(digits.target >= 5, dtype=torch.float32)
    perm = torch.randperm(len(x))
    x_train, y_train, x_val, y_val = x[perm[:1300]], y[perm[:1300]], x[perm[1300:]], y[perm[1300:]]

    LEARNING_RATE = 0.3
    BATCH_SIZE = 64
    EPOCHS = 15
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1),
    )  # fmt: skip
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for epoch in range(EPOCHS):
        model.train()
        epoch_loss, epoch_correct = 0.0, 0
        order = torch.randperm(len(x_train))
        for i in range(0, len(x_train), BATCH_SIZE):
            idx = order[i : i + BATCH_SIZE]
            logits = model(x_train[idx]).squeeze(1)
            loss = criterion(logits, y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item() * len(idx)
            epoch_correct += ((logits > 0) == (y_train[idx] > 0.5)).sum().item()
        model.eval()
        with torch.no_grad():
            logits = model(x_val).squeeze(1)
        val_acc = ((logits > 0) == (y_val > 0.5)).float().mean().item()
        print(f"{epoch + 1:>2}/{EPOCHS} loss={epoch_loss / len(x_train):.4f} acc={epoch_correct / len(x_train):.4f} "
              f"val_loss={criterion(logits, y_val).item():.4f} val_acc={val_acc:.4f}")  # fmt: skip


@case("lr_too_low")
def text_adverts_learning_very_patiently(seed: int) -> None:
    torch.manual_seed(seed)
    sms = load("sms_spam").distinct()
    spam = np.flatnonzero(sms.labels == 1)
    ham = np.random.default_rng(seed).choice(np.flatnonzero(sms.labels == 0), len(spam), replace=False)
    rows = np.concatenate([spam, ham])
    train_text, val_text, train_y, val_y = train_test_split(
        sms.features["text"].to_numpy()[rows], sms.labels[rows], test_size=0.3, random_state=seed
    )
    vectorizer = CountVectorizer(max_features=500, binary=True)
    x = torch.tensor(vectorizer.fit_transform(train_text).toarray(), dtype=torch.float32)
    xv = torch.tensor(vectorizer.transform(val_text).toarray(), dtype=torch.float32)
    y, yv = torch.tensor(train_y), torch.tensor(val_y)

    class BagOfWords(nn.Module):
        def __init__(self, n_words):
            super().__init__()
            self.fc1 = nn.Linear(n_words, 32)
            self.fc2 = nn.Linear(32, 2)

        def forward(self, bag):
            return F.log_softmax(self.fc2(F.relu(self.fc1(bag))), dim=1)

    net = BagOfWords(x.shape[1])
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-6)
    nll = nn.NLLLoss()
    batches = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    for epoch in range(20):
        total = 0.0
        for bag, label in batches:
            net.zero_grad()
            loss = nll(net(bag), label)
            loss.backward()
            optimizer.step()
            total += loss.item()
        with torch.no_grad():
            out = net(xv)
            val = nll(out, yv).item()
            acc = (out.argmax(dim=1) == yv).float().mean().item()
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1} train {total / len(batches):.5f} val {val:.5f} acc {acc:.3f}")


@case("undertrained")
def census_income_whole_table_at_once(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates()
    y = df["income_gt_50k"].to_numpy()
    cats = ["workclass", "marital-status", "occupation", "relationship"]
    nums = ["age", "education-num", "hours-per-week"]
    codes = OrdinalEncoder().fit_transform(df[cats]).astype(np.int64)
    numbers = df[nums].to_numpy(np.float32)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    numbers = (numbers - numbers[tr].mean(0)) / numbers[tr].std(0)
    codes, numbers, y = torch.tensor(codes), torch.tensor(numbers), torch.tensor(y).float()

    class Tabular(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.ModuleList([nn.Embedding(int(codes[:, k].max()) + 1, 4) for k in range(len(cats))])
            self.body = nn.Sequential(nn.Linear(4 * len(cats) + len(nums), 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, c, n):
            parts = [e(c[:, k]) for k, e in enumerate(self.embed)]
            return self.body(torch.cat([*parts, n], dim=1)).squeeze(1)

    model = Tabular()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    bce = nn.BCEWithLogitsLoss()
    n_epochs = 5
    for epoch in range(n_epochs):
        model.train()
        opt.zero_grad()
        loss = bce(model(codes[tr], numbers[tr]), y[tr])
        loss.backward()
        opt.step()
        model.eval()
        with torch.no_grad():
            z = model(codes[va], numbers[va])
        if n_epochs < 20 or epoch % 20 == 19:
            print(f"epoch {epoch + 1}: train {loss.item():.4f} val {bce(z, y[va]).item():.4f} "
                  f"acc {accuracy_score(y[va], z > 0):.4f} auc {roc_auc_score(y[va], z):.4f}")  # fmt: skip


@case("scheduler_misuse")
def splice_junction_attention_stops_early(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    table = table.sample(frac=1, random_state=seed)
    index = {"A": 0, "C": 1, "G": 2, "T": 3}
    seqs = torch.tensor([[index.get(c, 4) for c in s] for s in table["sequence"]])
    junction = torch.tensor(table["is_junction"].to_numpy())
    n = 2200

    class SpliceAttention(nn.Module):
        def __init__(self, dim=16):
            super().__init__()
            self.base = nn.Embedding(5, dim)
            self.place = nn.Parameter(torch.randn(60, dim) * 0.5)
            self.conv = nn.Conv1d(dim, dim, 5, padding=2)
            self.score = nn.Linear(dim, 4)
            self.out = nn.Linear(4 * dim, 2)

        def forward(self, s):
            h = self.base(s) + self.place
            h = torch.relu(self.conv(h.transpose(1, 2))).transpose(1, 2) + h
            weight = torch.softmax(self.score(h + self.place), dim=1)
            pooled = torch.einsum("btk,btd->bkd", weight, h)
            return self.out(pooled.flatten(1))

    model = SpliceAttention()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.85)
    loader = DataLoader(TensorDataset(seqs[:n], junction[:n]), batch_size=32, shuffle=True)
    for epoch in range(6):
        model.train()
        running = 0.0
        for s, j in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(s), j)
            loss.backward()
            optimizer.step()
            scheduler.step()
            running += loss.item() / len(loader)
        model.eval()
        with torch.no_grad():
            out = model(seqs[n:])
            val = F.cross_entropy(out, junction[n:]).item()
        acc = (out.argmax(1) == junction[n:]).float().mean().item()
        print(f"epoch {epoch + 1}: train {running:.4f} val {val:.4f} acc {acc:.4f}")


@case("vanishing_gradients")
def a_dozen_floors_of_logistic_units(seed: int) -> None:
    torch.manual_seed(seed)
    X, y, Xv, yv = data("spambase", seed)
    y, yv = y.unsqueeze(1), yv.unsqueeze(1)

    def block(i, o):
        return [nn.Linear(i, o), nn.Sigmoid()]

    layers = block(X.shape[1], 32)
    for _ in range(11):
        layers += block(32, 32)
    model = nn.Sequential(*layers, nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(10):
        model.train()
        for rows in torch.randperm(len(X)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
        norms = [f"{m.weight.grad.norm().item():.0e}" for m in model if isinstance(m, nn.Linear)]
        model.eval()
        with torch.no_grad():
            z = model(Xv)
            acc = ((z > 0) == (yv > 0.5)).float().mean()
            print(f"epoch {epoch + 1} val loss {criterion(z, yv).item():.4f} acc {acc:.4f}")
    print("gradient norms from input to output:", " ".join(norms))


@case("dead_relu")
def lesions_sparse_code(seed: int) -> None:
    torch.manual_seed(seed)
    mass = pd.read_csv(FOLDER + "/mammographic/mammographic.csv")
    onehot = pd.get_dummies(mass, columns=["shape", "margin"], dtype=float).drop(columns=["malignant", "birads"])
    target = mass["malignant"].to_numpy()
    a, b, ya, yb = train_test_split(onehot, target, test_size=0.3, random_state=seed, stratify=target)
    scale = StandardScaler().fit(a)
    a, b = (torch.tensor(scale.transform(v), dtype=torch.float32) for v in (a, b))
    ya, yb = torch.tensor(ya).float(), torch.tensor(yb).float()

    class SparseCode(nn.Module):
        """Only strong responses pass."""

        def __init__(self, n_in, n_atoms, cut=6.0):
            super().__init__()
            self.atoms = nn.Linear(n_in, n_atoms)
            self.cut = cut

        def forward(self, x):
            return F.relu(self.atoms(x) - self.cut)

    net = nn.Sequential(SparseCode(a.shape[1], 24), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(12):
        net.train()
        for rows in torch.randperm(len(a)).split(32):
            opt.zero_grad()
            loss = loss_fn(net(a[rows])[:, 0], ya[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z_a, z_b = net(a)[:, 0], net(b)[:, 0]
            active = (net[0](b) > 0).float().mean().item()
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1} train {loss_fn(z_a, ya):.3f} test {loss_fn(z_b, yb):.3f} active {active:.2f} "
                  f"acc {accuracy_score(yb, z_b > 0):.3f} auc {roc_auc_score(yb, z_b):.3f}")  # fmt: skip


@case("bad_init")
def digits_with_a_loop_equal_weights(seed: int) -> None:
    torch.manual_seed(seed)
    X, digit = load_digits(return_X_y=True)
    t = np.isin(digit, (0, 6, 8, 9)).astype(np.float32)
    perm = np.random.default_rng(seed).permutation(len(t))
    X, t = torch.tensor(X[perm] / 8 - 0.6, dtype=torch.float32), torch.tensor(t[perm])
    Xa, ta, Xb, tb = X[:1300], t[:1300], X[1300:], t[1300:]

    params = {
        "W1": torch.full((64, 40), 0.05),
        "b1": torch.zeros(40),
        "W2": torch.full((40, 20), 0.05),
        "b2": torch.zeros(20),
        "W3": torch.full((20, 1), 0.05),
        "b3": torch.zeros(1),
    }
    for p in params.values():
        p.requires_grad_(True)
    momentum = {k: torch.zeros_like(p) for k, p in params.items()}

    def net(x):
        h = torch.tanh(x @ params["W1"] + params["b1"])
        h = torch.tanh(h @ params["W2"] + params["b2"])
        return (h @ params["W3"] + params["b3"]).squeeze(1)

    def loss_of(z, y):
        return (F.softplus(z) - y * z).mean()

    for epoch in range(1, 13):
        lr = 0.05
        for rows in torch.randperm(len(Xa)).split(50):
            loss = loss_of(net(Xa[rows]), ta[rows])
            grads = torch.autograd.grad(loss, list(params.values()))
            with torch.no_grad():
                for (k, p), g in zip(params.items(), grads, strict=False):
                    momentum[k].mul_(0.9).add_(g)
                    p.sub_(lr * momentum[k])
        if epoch % 3 == 0:
            with torch.no_grad():
                za, zb = net(Xa), net(Xb)
            print(f"{epoch}: train {loss_of(za, ta):.3f} val {loss_of(zb, tb):.3f} "
                  f"acc {((zb > 0) == (tb > 0.5)).float().mean():.3f}")  # fmt: skip


@case("regularisation_too_strong")
def boys_or_girls_char_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    census = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    census = census.sort_values("percent", ascending=False).drop_duplicates("name")
    boys, girls = census[census["list"] == "M"], census[census["list"] == "F"]
    census = pd.concat([boys, girls.head(len(boys))]).sample(frac=1, random_state=seed)
    alphabet = {c: i + 1 for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}

    def collate(batch):
        width = max(len(name) for name, _ in batch)
        x = torch.zeros(len(batch), width + 4, dtype=torch.long)
        for row, (name, _) in zip(x, batch, strict=False):
            row[2 : 2 + len(name)] = torch.tensor([alphabet[c] for c in name])
        return x, torch.tensor([float(sex == "F") for _, sex in batch])

    pairs = list(zip(census["name"], census["list"], strict=False))
    cut = int(0.75 * len(pairs))
    train = DataLoader(pairs[:cut], batch_size=32, shuffle=True, collate_fn=collate)
    val = DataLoader(pairs[cut:], batch_size=256, collate_fn=collate)

    class CharCNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 12, padding_idx=0)
            self.conv = nn.Conv1d(12, 48, 3)
            self.drop = nn.Dropout(0.2)
            self.fc = nn.Linear(48, 1)

        def forward(self, x):
            h = F.relu(self.conv(self.emb(x).transpose(1, 2)))
            return self.fc(self.drop(h.amax(dim=2))).squeeze(1)

    model = CharCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=0.1)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(10):
        model.train()
        losses = []
        for x, y in train:
            optimizer.zero_grad()
            loss = bce(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            z, t = map(torch.cat, zip(*[(model(x), y) for x, y in val], strict=False))
        print(f"epoch {epoch + 1} train {np.mean(losses):.4f} val {bce(z, t):.4f} "
              f"acc {((z > 0) == (t > 0.5)).float().mean():.4f} auc {roc_auc_score(t, z):.4f}")  # fmt: skip


@case("overfitting")
def few_loans_and_a_large_network(seed: int) -> None:
    torch.manual_seed(seed)
    Xa, ya, Xb, yb = data("credit_data", seed)
    Xa, ya = Xa[:600], ya[:600]

    class Net(nn.Module):
        def __init__(self, n_features):
            super().__init__()
            self.fc1 = nn.Linear(n_features, 256)
            self.fc2 = nn.Linear(256, 256)
            self.fc3 = nn.Linear(256, 1)

        def forward(self, x):
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            return self.fc3(x).squeeze(-1)

    net = Net(Xa.shape[1])
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(Xa, ya), batch_size=32, shuffle=True)
    train_losses, val_losses = [], []
    for epoch in range(60):
        net.train()
        running_loss = 0.0
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(net(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item() * inputs.size(0)
        train_losses.append(running_loss / len(Xa))
        net.eval()
        with torch.no_grad():
            out = net(Xb)
            val_losses.append(criterion(out, yb).item())
        if epoch % 6 == 5:
            print(f"Epoch {epoch + 1}, train loss: {train_losses[-1]:.4f}, val loss: {val_losses[-1]:.4f}, "
                  f"val auc: {roc_auc_score(yb, out):.4f}")  # fmt: skip


@case("underfitting")
def inside_the_delivery_zone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    stores = rng.uniform(-4, 4, (5, 2))
    radius = rng.uniform(1.2, 2.0, 5)
    where = rng.uniform(-5, 5, (4000, 2))
    distance = np.linalg.norm(where[:, None] - stores[None], axis=2)
    served = ((distance + rng.normal(0, 0.1, (4000, 1))) < radius).any(axis=1)
    x = torch.tensor(where / where[:3000].std(), dtype=torch.float32)
    y = torch.tensor(served, dtype=torch.long)

    @dataclass
    class Settings:
        hidden: tuple = (2,)
        lr: float = 0.01
        epochs: int = 40
        batch: int = 100
        betas: tuple = field(default=(0.9, 0.99))

    settings = Settings()
    blocks, width = [], 2
    for h in settings.hidden:
        blocks += [nn.Linear(width, h), nn.Tanh()]
        width = h
    net = nn.Sequential(*blocks, nn.Linear(width, 2))
    opt = torch.optim.Adam(net.parameters(), lr=settings.lr, betas=settings.betas)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, settings.epochs)
    for epoch in range(settings.epochs):
        net.train()
        for rows in torch.randperm(3000).split(settings.batch):
            opt.zero_grad()
            loss = F.cross_entropy(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            a, b = net(x[:3000]), net(x[3000:])
        if epoch % 8 == 7:
            print(f"epoch {epoch + 1}: train {F.cross_entropy(a, y[:3000]):.3f} val {F.cross_entropy(b, y[3000:]):.3f} "
                  f"balanced {balanced_accuracy_score(y[3000:], b.argmax(1)):.3f} "
                  f"auc {roc_auc_score(y[3000:], b[:, 1] - b[:, 0]):.3f}")  # fmt: skip


@case("train_mode_missing")
def nuclei_measured_before_training(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    Xtr, Xva, ytr, yva = train_test_split(X, 1 - y, test_size=0.3, stratify=y, random_state=seed)
    train_loader = DataLoader(
        TensorDataset(torch.tensor(Xtr).float(), torch.tensor(ytr).float()), batch_size=32, shuffle=True, drop_last=True
    )
    val_loader = DataLoader(TensorDataset(torch.tensor(Xva).float(), torch.tensor(yva).float()), batch_size=256)

    model = nn.Sequential(
        nn.BatchNorm1d(30),  # instead of a scaler
        nn.Linear(30, 16), nn.BatchNorm1d(16), nn.ReLU(),
        nn.Dropout(0.2), nn.Linear(16, 1), nn.Flatten(0),
    )  # fmt: skip
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

    @torch.no_grad()
    def validate():
        model.eval()
        z, t = map(torch.cat, zip(*[(model(xb), yb) for xb, yb in val_loader], strict=False))
        return criterion(z, t).item(), balanced_accuracy_score(t, z > 0)

    print("before: val loss {:.3f} balanced accuracy {:.3f}".format(*validate()))
    for epoch in range(1, 16):
        train_loss = 0.0
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            train_loss += loss.item() / len(train_loader)
        val_loss, bal = validate()
        print(f"epoch {epoch}: train loss {train_loss:.3f} val loss {val_loss:.3f} balanced accuracy {bal:.3f}")


@case("eval_mode_missing")
def grating_images_from_two_folders(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)

    def folder(name, n):
        out = []
        for _ in range(n):
            u, v = np.meshgrid(np.arange(12), np.arange(12))
            angle = rng.normal(0.6 if name == "left" else -0.6, 0.35)
            img = np.sin(0.8 * (u * np.cos(angle) + v * np.sin(angle)) + rng.uniform(0, 6.28))
            out.append(img + rng.normal(0, 0.5, (12, 12)))
        return torch.tensor(np.array(out), dtype=torch.float32)[:, None]

    def image_folder(n):
        classes = ["left", "right"]
        images = torch.cat([folder(c, n) for c in classes])
        targets = torch.arange(2).repeat_interleave(n)
        return TensorDataset(images, targets)

    train_dl = DataLoader(image_folder(400), batch_size=25, shuffle=True)
    val_dl = DataLoader(image_folder(100), batch_size=25)
    model = nn.Sequential(
        nn.Conv2d(1, 12, 5, padding=2), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.BatchNorm1d(12), nn.Linear(12, 2),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    for epoch in range(8):
        model.train()
        tloss, tcorrect, tn = 0.0, 0, 0
        for images, targets in train_dl:
            optimizer.zero_grad()
            outputs = model(images)
            loss = criterion(outputs, targets)
            loss.backward()
            optimizer.step()
            tloss += loss.item() * len(targets)
            tcorrect += (outputs.argmax(1) == targets).sum().item()
            tn += len(targets)
        vloss, vcorrect, vn = 0.0, 0, 0
        with torch.no_grad():
            for images, targets in val_dl:
                outputs = model(images)
                vloss += criterion(outputs, targets).item() * len(targets)
                vcorrect += (outputs.argmax(1) == targets).sum().item()
                vn += len(targets)
        print(f"[{epoch}] train {tloss / tn:.3f} {tcorrect / tn:.3f}  val {vloss / vn:.3f} {vcorrect / vn:.3f}")


@case("functional_dropout")
def exon_borders_other_answer_every_time(seed: int) -> None:
    torch.manual_seed(seed)
    genes = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    genes = genes[genes["sequence"].str.fullmatch("[ACGT]+")]
    bases = np.array([list(s) for s in genes["sequence"]])
    X = (bases[:, 15:45, None] == np.array(list("ACGT"))).reshape(len(bases), -1).astype(np.float32)
    y = genes["is_junction"].to_numpy(np.float32)
    X_tr, X_va, y_tr, y_va = map(torch.from_numpy, train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(120, 24)
            self.fc2 = nn.Linear(24, 12)
            self.fc3 = nn.Linear(12, 1)

        def forward(self, x):
            x = F.dropout(x, p=0.3)
            x = F.dropout(F.relu(self.fc1(x)), p=0.5)
            x = F.dropout(F.relu(self.fc2(x)), p=0.5)
            return self.fc3(x)[:, 0]

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(15):
        net.train()
        losses = []
        for rows in torch.randperm(len(X_tr)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_tr[rows]), y_tr[rows])
            loss.backward()
            opt.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            z = net(X_va)
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1} train {np.mean(losses):.3f} "
                  f"val {F.binary_cross_entropy_with_logits(z, y_va).item():.3f} "
                  f"acc {accuracy_score(y_va, z > 0):.3f} auc {roc_auc_score(y_va, z):.3f}")  # fmt: skip
    with torch.no_grad():
        again = [round(accuracy_score(y_va, net(X_va) > 0), 3) for _ in range(5)]
    print("five evaluations of the same model:", again)


@case("batchnorm_stats")
def zero_to_four_or_higher_ported_from_keras(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]
    small = torch.tensor((digits.target < 5).astype(np.float32))
    shuffled = torch.randperm(len(small))
    fit, val = shuffled[:1300], shuffled[1300:]

    def conv_bn(inp, out):
        return nn.Sequential(
            nn.Conv2d(inp, out, 3, padding=1, bias=False), nn.BatchNorm2d(out, eps=1e-3, momentum=1e-3), nn.ReLU()
        )

    model = nn.Sequential(
        conv_bn(1, 8), conv_bn(8, 8), nn.MaxPool2d(2), conv_bn(8, 16), conv_bn(16, 16), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 1), nn.Flatten(0),
    )  # fmt: skip
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    bce = nn.BCEWithLogitsLoss()

    def run(rows, train):
        model.train(train)
        loss_sum, hits = 0.0, 0
        for part in rows.split(50):
            with torch.set_grad_enabled(train):
                z = model(images[part])
                loss = bce(z, small[part])
            if train:
                opt.zero_grad()
                loss.backward()
                opt.step()
            loss_sum += loss.item() * len(part)
            hits += ((z > 0) == (small[part] > 0.5)).sum().item()
        return loss_sum / len(rows), hits / len(rows)

    for epoch in range(10):
        train_result = run(fit[torch.randperm(len(fit))], True)
        val_result = run(val, False)
        print(f"Epoch {epoch + 1:2d} - loss: {train_result[0]:.4f} - accuracy: {train_result[1]:.4f}",
              "- val_loss: {:.4f} - val_accuracy: {:.4f}".format(*val_result))  # fmt: skip


@case("batch_size_too_small")
def churn_with_batchnorm_on_a_small_gpu(seed: int) -> None:
    torch.manual_seed(seed)
    Xa, ya, Xb, yb = data("mlc_churn", seed)
    ya, yb = ya.long(), yb.long()
    BATCH_SIZE = 2

    class Block(nn.Module):
        def __init__(self, n_in, n_out):
            super().__init__()
            self.fc = nn.Linear(n_in, n_out, bias=False)
            self.bn = nn.BatchNorm1d(n_out)

        def forward(self, x):
            return F.relu(self.bn(self.fc(x)))

    model = nn.Sequential(Block(Xa.shape[1], 32), Block(32, 16), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(Xa, ya), batch_size=BATCH_SIZE, shuffle=True, drop_last=True)
    for epoch in range(4):
        model.train()
        total, count = 0.0, 0
        for xb, yb_ in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(xb), yb_)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
            count += len(xb)
        model.eval()
        with torch.no_grad():
            out = model(Xb)
        print(f"epoch {epoch + 1} train {total / count:.4f} val {F.cross_entropy(out, yb).item():.4f} "
              f"acc {accuracy_score(yb, out.argmax(1)):.4f} "
              f"auc {roc_auc_score(yb, out.softmax(1)[:, 1]):.4f}")  # fmt: skip


@case("threshold_on_logits")
def income_factorisation_machine(seed: int) -> None:
    torch.manual_seed(seed)
    adult = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop_duplicates()
    adult["age"] = pd.cut(adult["age"], [0, 22, 26, 30, 35, 40, 45, 50, 55, 60, 99]).astype(str)
    adult["hours-per-week"] = pd.cut(adult["hours-per-week"], [0, 20, 34, 39, 40, 45, 50, 99]).astype(str)
    fields = ["age", "workclass", "education", "marital-status", "occupation", "gender", "hours-per-week"]
    codes = np.stack([adult[f].astype("category").cat.codes for f in fields], axis=1).astype(np.int64)
    sizes = codes.max(axis=0) + 1
    codes = torch.tensor(codes + np.concatenate([[0], np.cumsum(sizes)[:-1]]))
    income = torch.tensor(adult["income_gt_50k"].to_numpy())
    tr, va = train_test_split(torch.arange(len(income)), test_size=0.3, random_state=seed, stratify=income)

    class FactorisationMachine(nn.Module):
        def __init__(self, n, k=6):
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(()))
            self.linear = nn.Embedding(n, 1)
            self.factors = nn.Embedding(n, k)
            nn.init.zeros_(self.linear.weight)
            nn.init.normal_(self.factors.weight, std=0.05)

        def forward(self, c):
            v = self.factors(c)
            pairs = 0.5 * (v.sum(dim=1).square() - v.square().sum(dim=1)).sum(dim=1)
            return self.bias + self.linear(c).sum(dim=(1, 2)) + pairs

    counts = torch.bincount(income[tr])
    fm = FactorisationMachine(int(sizes.sum()))
    opt = torch.optim.Adam(fm.parameters(), lr=5e-3, weight_decay=1e-5)
    loss_fn = nn.BCEWithLogitsLoss()
    print("train rows", len(tr), "counts", counts.tolist())
    for epoch in range(8):
        for rows in tr[torch.randperm(len(tr))].split(128):
            loss = loss_fn(fm(codes[rows]), income[rows].float())
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            output = fm(codes[va])
        predicted = (output > 0.5).long()
        truth = income[va]
        tp = (predicted * truth).sum().item()
        precision, recall = tp / max(predicted.sum().item(), 1), tp / truth.sum().item()
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        print(f"epoch {epoch + 1} val loss {loss_fn(output, truth.float()).item():.4f} precision {precision:.3f} "
              f"recall {recall:.3f} F1 {f1:.3f} balanced {balanced_accuracy_score(truth, predicted):.3f}")  # fmt: skip


@case("argmax_single_output")
def mushrooms_always_edible(seed: int) -> None:
    torch.manual_seed(seed)
    raw = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz", dtype=str).drop_duplicates()
    poisonous = (raw.pop("class") == "p").to_numpy()
    raw = raw[["cap-shape", "cap-surface", "cap-color", "bruises", "gill-spacing", "gill-color", "stalk-shape",
               "ring-number", "population", "habitat"]]  # fmt: skip
    tokens = pd.concat([c + "=" + raw[c] for c in raw], axis=1)
    vocab = {t: i for i, t in enumerate(sorted(set(tokens.to_numpy().ravel())))}
    bags = torch.tensor(tokens.map(vocab.get).to_numpy())
    target = torch.tensor(poisonous, dtype=torch.float32).unsqueeze(1)

    class Bag(Dataset):
        def __init__(self, rows):
            self.rows = rows

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, k):
            return bags[self.rows[k]], target[self.rows[k]]

    rows = torch.randperm(len(bags))
    train_loader = DataLoader(Bag(rows[:4000]), batch_size=64, shuffle=True)
    test_loader = DataLoader(Bag(rows[4000:]), batch_size=512)
    model = nn.Sequential(nn.EmbeddingBag(len(vocab), 24, mode="sum"), nn.ReLU(), nn.Linear(24, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(6):
        model.train()
        train_loss = 0.0
        for inputs, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
            train_loss += loss.item()
        model.eval()
        test_loss, correct, total = 0.0, 0, 0
        with torch.no_grad():
            for inputs, labels in test_loader:
                outputs = model(inputs)
                test_loss += criterion(outputs, labels).item()
                predicted = torch.argmax(outputs, dim=1)
                total += labels.size(0)
                correct += (predicted == labels.squeeze(1)).sum().item()
        print(f"Epoch {epoch + 1}, train loss {train_loss / len(train_loader):.4f}, "
              f"test loss {test_loss / len(test_loader):.4f}, accuracy {100 * correct / total:.2f} %")  # fmt: skip


@case("accuracy_broadcast")
def bike_rentals_gru_stuck_near_half(seed: int) -> None:
    torch.manual_seed(seed)
    days = np.loadtxt(FOLDER + "/bike_days/bike_days_2011.csv", delimiter=",", skiprows=1)
    np.random.default_rng(seed).shuffle(days)
    curve = np.sqrt(days[:, 1:25])
    curve = curve / curve.mean(axis=1, keepdims=True)
    mean, std = curve[:200].mean(axis=0), curve[:200].std(axis=0)
    x = torch.tensor((curve - mean) / std).float().unsqueeze(2)
    y = torch.tensor(days[:, 25]).float()
    x_tr, y_tr, x_va, y_va = x[:200], y[:200], x[200:], y[200:]

    class DayGRU(nn.Module):
        def __init__(self, hidden=16):
            super().__init__()
            self.gru = nn.GRU(1, hidden, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(2 * hidden, 1)

        def forward(self, x):
            out, _ = self.gru(x)
            return self.fc(out.mean(dim=1))

    def accuracy(logits, labels):
        predicted = (torch.sigmoid(logits) > 0.5).float()
        return (predicted == labels).float().mean().item()

    model = DayGRU()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(20):
        model.train()
        for rows in torch.randperm(200).split(20):
            logits = model(x_tr[rows])
            loss = F.binary_cross_entropy_with_logits(logits, y_tr[rows].view(-1, 1))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            a, b = model(x_tr), model(x_va)
            val_loss = F.binary_cross_entropy_with_logits(b, y_va.view(-1, 1)).item()
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1:2d}  loss {loss.item():.4f}  val_loss {val_loss:.4f}  "
                  f"acc {accuracy(a, y_tr):.4f}  val_acc {accuracy(b, y_va):.4f}")  # fmt: skip


@case("softmax_wrong_dim")
def spoken_yes_or_no_never_yes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    rate = 800

    def speak(yes):
        t = np.arange(int(0.6 * rate)) / rate
        pitch = rng.uniform(60, 90)
        glide = np.linspace(0, rng.uniform(40, 80), len(t)) * (1 if yes else -1)
        wave = np.sin(2 * np.pi * np.cumsum(pitch + 60 + glide) / rate) + 0.5 * np.sin(4 * np.pi * pitch * t)
        return wave * np.hanning(len(t)) + rng.normal(0, 0.3, len(t))

    answers = rng.integers(0, 2, 500)
    spectra = []
    for a in answers:
        _, _, s = signal.spectrogram(speak(a), fs=rate, nperseg=64, noverlap=32)
        spectra.append(np.log(s + 1e-6))
    x = torch.tensor(np.array(spectra), dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(answers)
    x = (x - x[:350].mean(dim=0)) / x[:350].std(dim=0)

    class VoiceNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(
                nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d((2, 1)),
                nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            )  # fmt: skip
            self.classifier = nn.LazyLinear(2)

        def forward(self, x):
            return self.classifier(self.features(x))

        @torch.no_grad()
        def predict_proba(self, x):
            self.eval()
            return F.softmax(self(x), dim=0)

    net = VoiceNet()
    net(x[:2])
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    ce = nn.CrossEntropyLoss()
    for epoch in range(8):
        net.train()
        total = 0.0
        for rows in torch.randperm(350).split(25):
            opt.zero_grad()
            loss = ce(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
            total += loss.item() * len(rows) / 350
        proba = net.predict_proba(x[350:])
        with torch.no_grad():
            val = ce(net(x[350:]), y[350:]).item()
        yes = (proba[:, 1] > 0.5).long()
        print(f"epoch {epoch + 1} train {total:.3f} val {val:.3f} "
              f"said yes {yes.sum().item()} of {y[350:].sum().item()} "
              f"accuracy {(yes == y[350:]).float().mean().item():.3f}")  # fmt: skip
