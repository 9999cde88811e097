"""Four training scripts on many tables: 28 cases in which the data is at fault, 20 in which the settings are."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from case import case
from imblearn.over_sampling import SMOTE, RandomOverSampler
from scipy.stats import rankdata
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine, make_circles
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- the tables


@cache
def adult():
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz")
    df = df.drop(columns=["education", "native-country", "race", "gender"])
    df = df.drop_duplicates(subset=df.columns.drop("income_gt_50k"))
    df = df.sample(4000, random_state=7).reset_index(drop=True)
    df["capital-gain"] = np.log1p(df["capital-gain"])
    df["capital-loss"] = np.log1p(df["capital-loss"])
    y = df.pop("income_gt_50k")
    return pd.get_dummies(df, dtype=float), y


@cache
def spambase():
    table = load("spambase").distinct()
    return table.features.to_numpy(dtype=np.float32), table.labels.astype(np.float32)


@cache
def credit():
    table = load("credit_data").distinct()
    df = table.features.copy()
    for column in df.select_dtypes("number"):
        df[column] = df[column].fillna(df[column].median())
    return pd.get_dummies(df, dtype=float), pd.Series(table.labels)


@cache
def churn():
    table = load("mlc_churn").distinct()
    df = table.features.drop(columns=["state", "area_code"])
    for column in ("international_plan", "voice_mail_plan"):
        df[column] = (df[column] == "yes").astype(float)
    return df.astype(float), pd.Series(table.labels)


@cache
def thyroid():
    table = load("hypothyroid").distinct()
    df = table.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]]
    df = df.fillna(df.median())
    new = ~df.duplicated()
    return df[new], pd.Series(table.labels)[new]


@cache
def messages():
    table = load("sms_spam").distinct()
    return table.features["text"], table.labels


@cache
def message_counts():
    texts, y = messages()
    words = ["call", "free", "txt", "now", "stop", "mobile", "claim", "reply", "text", "prize", "www", "won"]
    words += ["i", "my", "me", "ok", "lor", "u", "to", "your"]
    columns = [texts.str.lower().str.count(rf"\b{word}\b") for word in words]
    columns += [texts.str.len() / 100, texts.str.count(r"\d"), texts.str.count(r"[A-Z]"), texts.str.count("!")]
    X, rows = np.unique(np.stack(columns, axis=1).astype(np.float32), axis=0, return_index=True)
    order = np.argsort(rows)
    return X[order], y[rows[order]].astype(np.float32)


@cache
def mushrooms():
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").drop_duplicates()
    y = (df.pop("class") == "p").to_numpy(dtype=np.float32)
    return pd.get_dummies(df).to_numpy(dtype=np.float32), y


@cache
def splice():
    df = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    letters = np.array([list(s) for s in df["sequence"]])
    onehot = np.stack([letters == c for c in "ACGT"], axis=2).astype(np.float32)
    return onehot, df["is_junction"].to_numpy(dtype=np.float32)


@cache
def bike_days():
    df = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    y = df.pop("working_day").to_numpy(dtype=np.float32)
    return df.drop(columns="day_of_2011").to_numpy(dtype=np.float32), y


@cache
def masses():
    df = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv").drop(columns="birads")
    df = df.drop_duplicates(["age", "shape", "margin", "density"])
    y = df.pop("malignant").to_numpy(dtype=np.float32)
    return pd.get_dummies(df, columns=["shape", "margin", "density"]).to_numpy(dtype=np.float32), y


@cache
def first_names():
    df = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    df = df.sort_values("percent", ascending=False).drop_duplicates("name")
    boys = df[df["list"] == "M"]
    girls = df[df["list"] == "F"].iloc[: len(boys)]
    df = pd.concat([boys, girls]).reset_index(drop=True)
    return df["name"], (df["list"] == "F").to_numpy(dtype=np.float32)


@cache
def letters_of_names():
    names, y = first_names()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    places = [np.array([[n[i : i + 1] == c for c in alphabet] for n in names]) for i in range(3)]
    places += [np.array([[n[-i] == c for c in alphabet] for n in names.str.rjust(4)]) for i in (1, 2, 3, 4)]
    X = np.hstack(places).astype(np.float32)
    rows = np.sort(np.unique(X, axis=0, return_index=True)[1])
    return X[rows], y[rows]


@cache
def payments():
    return pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz")


@cache
def digits():
    pixels, number = load_digits(return_X_y=True)
    return pixels.astype(np.float32), (number % 2).astype(np.float32)


@cache
def tumours():
    x, y = load_breast_cancer(return_X_y=True)
    return x.astype(np.float32), (1 - y).astype(np.float32)


@cache
def progression():
    x, target = load_diabetes(return_X_y=True, scaled=False)
    return x.astype(np.float32), (target > np.median(target)).astype(np.float32)


def standardised(train, *others):
    scaler = StandardScaler().fit(train)
    return [scaler.transform(part).astype(np.float32) for part in (train, *others)]


def prepared(X, y, seed, test_size=0.3):
    """Stratified split, scaled by the training part."""
    X, y = np.asarray(X, dtype=np.float32), np.asarray(y, dtype=np.float32)
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=test_size, stratify=y, random_state=seed)
    Xtr, Xva = standardised(Xtr, Xva)
    return Xtr, ytr, Xva, yva


# ---------------------------------------------------------------- script 1: a notebook's cells


def notebook_mlp(X_train, y_train, X_val, y_val, hidden=(64, 32), lr=1e-3, epochs=30, batch_size=64, shuffle=True,
                 dropout=0.0, weight_decay=0.0, activation=nn.ReLU, pos_weight=None):  # fmt: skip
    X_train = torch.tensor(X_train, dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32).view(-1, 1)
    X_val = torch.tensor(X_val, dtype=torch.float32)
    y_val = torch.tensor(y_val, dtype=torch.float32).view(-1, 1)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=batch_size, shuffle=shuffle)

    layers, width = [], X_train.shape[1]
    for h in hidden:
        layers += [nn.Linear(width, h), activation()]
        if dropout:
            layers.append(nn.Dropout(dropout))
        width = h
    model = nn.Sequential(*layers, nn.Linear(width, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=None if pos_weight is None else torch.tensor(float(pos_weight)))
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)

    for epoch in range(epochs):
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
            logits = model(X_val)
            val_loss = criterion(logits, y_val).item()
        if epoch % 5 == 0 or epoch == epochs - 1:
            acc = ((logits > 0).float() == y_val).float().mean().item()
            print(f"epoch {epoch:3d}  loss {running / len(X_train):.4f}  val_loss {val_loss:.4f}  val_acc {acc:.3f}")
    probs = torch.sigmoid(logits).numpy().ravel()
    truth = y_val.numpy().ravel() == y_val.numpy().max()
    print(f"validation AUC {roc_auc_score(truth, probs):.4f}")
    return probs


# ---------------------------------------------------------------- script 2: a trainer with its configuration


@dataclass
class Config:
    widths: tuple = (48, 24)
    act: str = "relu"
    lr: float = 0.02
    momentum: float = 0.9
    weight_decay: float = 1e-4
    epochs: int = 30
    batch: int = 32
    shuffle: bool = True
    clip: float | None = 5.0
    gamma: float = 1.0
    decay_every: str = "epoch"
    init: str = "default"


ACTS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}


class Trainer:
    """Two logits and cross entropy; SGD with momentum; the best epoch's weights are kept."""

    def __init__(self, config, n_in):
        self.cfg = config
        dims = [n_in, *config.widths]
        blocks = []
        for a, b in pairwise(dims):
            blocks += [nn.Linear(a, b), ACTS[config.act]()]
        self.net = nn.Sequential(*blocks, nn.Linear(dims[-1], 2))
        self.net.apply(self._init)
        self.criterion = nn.CrossEntropyLoss()
        self.opt = torch.optim.SGD(
            self.net.parameters(), lr=config.lr, momentum=config.momentum, weight_decay=config.weight_decay
        )
        self.sched = torch.optim.lr_scheduler.ExponentialLR(self.opt, gamma=config.gamma)

    def _init(self, layer):
        if isinstance(layer, nn.Linear):
            if self.cfg.init == "zeros":
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)
            elif self.cfg.init == "xavier":
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)

    def fit(self, Xtr, ytr, Xva, yva):
        Xtr, Xva = torch.tensor(Xtr).float(), torch.tensor(Xva).float()
        ytr, yva = torch.tensor(ytr).long(), torch.tensor(yva).long()
        dl = DataLoader(TensorDataset(Xtr, ytr), batch_size=self.cfg.batch, shuffle=self.cfg.shuffle)
        best = (float("inf"), None)
        for ep in range(1, self.cfg.epochs + 1):
            total = self._one_epoch(dl) / len(Xtr)
            self.net.eval()
            with torch.inference_mode():
                val = self.criterion(self.net(Xva), yva).item()
            if val < best[0]:
                best = (val, {k: v.clone() for k, v in self.net.state_dict().items()})
            if ep % 6 == 0 or ep == 1:
                print(f"[{ep:02d}/{self.cfg.epochs}] train {total:.4f} | valid {val:.4f}")
        if best[1] is not None:
            self.net.load_state_dict(best[1])
        return self._report(Xva, yva)

    def _one_epoch(self, dl):
        self.net.train()
        total = 0.0
        for xb, yb in dl:
            loss = self.criterion(self.net(xb), yb)
            self.opt.zero_grad(set_to_none=True)
            loss.backward()
            if self.cfg.clip is not None:
                nn.utils.clip_grad_norm_(self.net.parameters(), self.cfg.clip)
            self.opt.step()
            if self.cfg.decay_every == "batch":
                self.sched.step()
            total += loss.item() * len(xb)
        if self.cfg.decay_every == "epoch":
            self.sched.step()
        return total

    def _report(self, Xva, yva):
        self.net.eval()
        with torch.inference_mode():
            p = self.net(Xva).softmax(dim=1)
        predicted = p.argmax(dim=1)
        print(f"balanced accuracy {balanced_accuracy_score(yva, predicted):.3f}, "
              f"macro F1 {f1_score(yva, predicted, average='macro'):.3f}, AUC {roc_auc_score(yva, p[:, 1]):.3f}")
        return p[:, 1].numpy()


# ---------------------------------------------------------------- script 3: functions, the caller brings the parts


def fit(net, criterion, optimizer, x, y, steps=800, batch=64, scheduler=None):
    x, y = torch.from_numpy(np.asarray(x, np.float32)), torch.from_numpy(np.asarray(y, np.float32))
    net.train()
    smooth = None
    for step in range(steps):
        rows = torch.randint(0, len(x), (batch,))
        loss = criterion(net(x[rows]).squeeze(-1), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        if step % 200 == 0:
            print(f"step {step}: loss {smooth:.4f}")
    return net


def predict(net, x):
    with torch.no_grad():
        return net(torch.from_numpy(np.asarray(x, np.float32))).squeeze(-1).numpy()


def judge(p, y):
    ranks = rankdata(p)
    pos = y > 0.5
    n1, n0 = pos.sum(), (~pos).sum()
    auc = (ranks[pos].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)
    sens, spec = (p[pos] >= 0.5).mean(), (p[~pos] < 0.5).mean()
    print(f"AUC {auc:.3f}  sensitivity {sens:.3f}  specificity {spec:.3f}")
    return p


def probability_net(n, width=32, act=nn.Tanh):
    return nn.Sequential(nn.Linear(n, width), act(), nn.Linear(width, width), act(), nn.Linear(width, 1), nn.Sigmoid())


# ---------------------------------------------------------------- script 4: sequences, margin loss


class Sequences(Dataset):
    def __init__(self, values, labels):
        self.values = np.ascontiguousarray(values, dtype=np.float32)
        self.signs = 2 * np.asarray(labels, dtype=np.float32) - 1

    def __len__(self):
        return len(self.signs)

    def __getitem__(self, i):
        return self.values[i], self.signs[i]


class ConvScorer(nn.Module):
    def __init__(self, channels, width=24, p_drop=0.1):
        super().__init__()
        self.c1 = nn.Conv1d(channels, width, 5, padding=2)
        self.c2 = nn.Conv1d(width, width, 5, padding=2)
        self.drop = nn.Dropout(p_drop)
        self.out = nn.LazyLinear(1)

    def forward(self, x):
        h = torch.relu(self.c1(x.transpose(1, 2)))
        h = nn.functional.max_pool1d(h, 2)
        h = torch.relu(self.c2(h))
        h = nn.functional.adaptive_avg_pool1d(h, 4)
        return self.out(self.drop(h.flatten(1))).squeeze(1)


def margin_cnn(train, valid, lr=2e-3, epochs=12, width=24, p_drop=0.1, batch=32, decay=1e-2):
    """train, valid: (values [rows, time, channels], labels 0/1)."""
    ds, dv = Sequences(*train), Sequences(*valid)
    net = ConvScorer(ds.values.shape[2], width, p_drop)
    net(torch.from_numpy(ds.values[:2]))
    opt = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=decay)
    for ep in range(epochs):
        net.train()
        losses = []
        for x, t in DataLoader(ds, batch, shuffle=True):
            loss = torch.clamp(1 - t * net(x), min=0).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            s = torch.cat([net(x) for x, _ in DataLoader(dv, 256)]).numpy()
        hinge = np.maximum(0, 1 - dv.signs * s).mean()
        print(f"{ep + 1:2d}: hinge {np.mean(losses):.3f} / {hinge:.3f}, acc {accuracy_score(dv.signs > 0, s > 0):.3f}")
    print("ROC AUC", round(roc_auc_score(dv.signs > 0, s), 3))
    return s


# ---------------------------------------------------------------- only the data differs: labels and rows


@case("labels_misaligned")
def income_features_reordered_before_join(seed: int) -> None:
    torch.manual_seed(seed)
    features, income = adult()
    features = features.sample(frac=1, random_state=seed).reset_index(drop=True)
    notebook_mlp(*prepared(features, income, seed), epochs=10)


@case("labels_misaligned")
def sms_features_and_labels_split_apart(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = message_counts()
    Xtr, Xva = train_test_split(X, test_size=0.25, random_state=seed)
    ytr, yva = train_test_split(y, test_size=0.25, random_state=seed, stratify=y)
    Xtr, Xva = standardised(Xtr, Xva)
    Trainer(Config(epochs=18), X.shape[1]).fit(Xtr, ytr, Xva, yva)


@case("labels_misaligned")
def loans_incomplete_rows_removed(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("credit_data").distinct()
    complete = table.features.dropna()
    y = table.labels[: len(complete)]
    X = pd.get_dummies(complete, dtype=float)
    x, t, xv, tv = prepared(X, y, seed)
    net = probability_net(x.shape[1], 16)
    fit(net, nn.BCELoss(), torch.optim.RMSprop(net.parameters(), lr=1e-3), x, t, steps=600)
    net.eval()
    judge(predict(net, xv), tv)


@case("labels_misaligned")
def tumour_files_in_directory_order(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = tumours()
    files = {f"cell_{i}.npy": row for i, row in enumerate(x)}
    diagnosis = {f"cell_{i}.npy": label for i, label in enumerate(y)}
    X = np.stack([files[name] for name in sorted(files)])
    labels = np.array(list(diagnosis.values()))
    notebook_mlp(*prepared(X, labels, seed), hidden=(16,), epochs=25, batch_size=32)


@case("label_noise")
def spam_marks_by_three_readers(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = spambase()
    right = np.random.default_rng(seed).random((3, len(y))) < 0.6
    y = np.where(right.sum(axis=0) >= 2, y, 1 - y)
    notebook_mlp(*prepared(np.log1p(X), y, seed), hidden=(16,), epochs=8)


@case("label_noise")
def mushrooms_named_by_walkers(seed: int) -> None:
    torch.manual_seed(seed)
    Xtr, ytr, Xva, yva = prepared(*mushrooms(), seed)
    unsure = np.random.default_rng(seed).random(len(ytr)) < 0.38
    ytr = np.where(unsure, 1 - ytr, ytr)
    Trainer(Config(widths=(32,), epochs=12, batch=64), Xtr.shape[1]).fit(Xtr, ytr, Xva, yva)


@case("label_noise")
def odd_digits_from_cheap_survey(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = digits()
    answers = np.random.default_rng(seed + 5).random(len(y))
    y = np.where(answers < 0.33, 1 - y, y)
    x, t, xv, tv = prepared(X, y, seed)
    net = probability_net(64, 32, nn.ReLU)
    fit(net, nn.BCELoss(), torch.optim.Adam(net.parameters(), lr=1e-3), x, t, steps=200)
    net.eval()
    judge(predict(net, xv), tv)


@case("label_noise")
def splice_sites_from_old_annotation(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = splice()
    version = np.random.default_rng(seed).random(len(y)) < 0.36
    y = np.abs(y - version)
    middle = X[:, 20:40]
    Xtr, Xva, ytr, yva = train_test_split(middle, y, test_size=0.3, stratify=y, random_state=seed)
    margin_cnn((Xtr, ytr), (Xva, yva), epochs=6)


@case("data_leakage")
def churn_balanced_then_split(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = churn()
    X, y = RandomOverSampler(random_state=seed).fit_resample(X, y)
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    Xtr, Xva = standardised(Xtr.to_numpy(), Xva.to_numpy())
    notebook_mlp(Xtr, ytr.to_numpy(), Xva, yva.to_numpy(), hidden=(128, 64), epochs=22, batch_size=128, lr=2e-3)


@case("data_leakage")
def loans_smote_then_split(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = credit()
    X = StandardScaler().fit_transform(X)
    X, y = SMOTE(random_state=seed).fit_resample(X, y.to_numpy())
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    Trainer(Config(widths=(64, 32), epochs=20, lr=0.02, batch=64), X.shape[1]).fit(Xtr, ytr, Xva, yva)


@case("data_leakage")
def census_two_exports_joined(seed: int) -> None:
    torch.manual_seed(seed)
    features, income = adult()
    table = features.assign(income=income).sample(1500, random_state=seed)
    january, june = table.iloc[:1100], table.iloc[300:]
    table = pd.concat([january, june], ignore_index=True)
    x, t, xv, tv = prepared(table.drop(columns="income"), table["income"], seed, 0.25)
    net = probability_net(x.shape[1], 64, nn.ReLU)
    fit(net, nn.BCELoss(), torch.optim.Adam(net.parameters(), lr=2e-3), x, t, steps=600)
    net.eval()
    judge(predict(net, xv), tv)


@case("data_leakage")
def diabetes_loader_over_the_whole_table(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = progression()
    train_idx, val_idx = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X[train_idx])
    X = scaler.transform(X)
    notebook_mlp(X, y, X[val_idx], y[val_idx], hidden=(64,), lr=3e-3, epochs=30, batch_size=16)


@case("data_leakage")
def loans_enlarged_then_split(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X, y = credit()
    pick = rng.choice(len(y), 900, replace=False)
    X, y = StandardScaler().fit_transform(X)[pick], y.to_numpy()[pick]
    X = np.concatenate([X] + [X + rng.normal(0, 0.05, X.shape) for _ in range(3)])
    y = np.tile(y, 4)
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    Trainer(Config(widths=(32,), epochs=10), X.shape[1]).fit(Xtr, ytr, Xva, yva)


@case("data_leakage")
def recordings_cut_into_windows(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    windows, labels = [], []
    for patient in range(30):
        ill = patient % 2
        t = np.arange(256) / 64
        signal = 0.2 * rng.normal(size=256)
        for amplitude, f in zip(rng.uniform(0.3, 1, 4), rng.uniform(1, 16, 4), strict=True):
            signal = signal + amplitude * np.sin(6.28 * (f * t + rng.random()))
        signal = signal + 0.8 * ill * np.sin(6.28 * (rng.uniform(9, 12) * t + rng.random()))
        for start in range(0, 256 - 64 + 1, 8):
            windows.append(signal[start : start + 64, None])
            labels.append(ill)
    X, y = np.stack(windows), np.array(labels)
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    margin_cnn((Xtr, ytr), (Xva, yva), epochs=26, lr=3e-3, width=48, p_drop=0.0)


@case("preprocess_mismatch")
def tumours_new_patients_as_measured(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = tumours()
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler()
    Xtr = scaler.fit_transform(Xtr)
    Trainer(Config(widths=(16,), epochs=15, lr=0.01), 30).fit(Xtr, ytr, Xva, yva)


@case("preprocess_mismatch")
def spam_word_shares_logged(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = spambase()
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    Xtr = np.log1p(Xtr)
    Xtr, Xva = standardised(Xtr, Xva)
    notebook_mlp(Xtr, ytr, Xva, yva, hidden=(32,), epochs=12)


@case("preprocess_mismatch")
def digit_pixels_in_sixteenths(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = digits()
    images = X.reshape(-1, 8, 8)
    Xtr, Xva, ytr, yva = train_test_split(images, y, test_size=0.3, stratify=y, random_state=seed)
    centre = (Xtr / 16).mean()
    Xtr = Xtr / 16 - centre
    Xva = Xva - centre
    margin_cnn((Xtr, ytr), (Xva, yva), epochs=12, lr=3e-3)


@case("preprocess_mismatch")
def income_table_prepared_in_two_places(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = adult()
    Xtr, Xva, ytr, yva = train_test_split(X.to_numpy(), y.to_numpy(), test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(Xtr)
    Xtr, Xva = scaler.transform(Xtr), scaler.transform(Xva)
    validation = {"inputs": scaler.transform(Xva), "labels": yva}
    net = probability_net(Xtr.shape[1], 16)
    fit(net, nn.BCELoss(), torch.optim.Adam(net.parameters(), lr=1e-3), Xtr, ytr, steps=700)
    net.eval()
    judge(predict(net, validation["inputs"]), validation["labels"])


@case("preprocess_mismatch")
def churn_call_times_of_the_new_system(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = churn()
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    minutes = [c for c in X.columns if c.endswith("minutes")]
    new = Xva.copy()
    new[minutes] = new[minutes] * 60
    scaler = StandardScaler().fit(Xtr)
    Xtr, Xva = scaler.transform(Xtr), scaler.transform(new)
    Trainer(Config(epochs=15), X.shape[1]).fit(Xtr, ytr.to_numpy(), Xva, yva.to_numpy())


@case("weak_signal")
def churn_from_the_number_of_calls(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = churn()
    rng = np.random.default_rng(seed)
    stay = rng.choice(np.flatnonzero(y == 0), int(y.sum()), replace=False)
    rows = np.concatenate([stay, np.flatnonzero(y == 1)])
    X, y = X.iloc[rows], y.iloc[rows]
    X = X[["account_length", "total_day_calls", "total_eve_calls", "total_night_calls"]]
    notebook_mlp(*prepared(X, y, seed), hidden=(8,), epochs=15)


@case("weak_signal")
def purchase_channel_from_hour_and_amount(seed: int) -> None:
    torch.manual_seed(seed)
    df = payments().query("fraud == 0").sample(3000, random_state=seed)
    X = np.stack([df["hour"], np.log(df["amount"]), df["nr"]], axis=1)
    Trainer(Config(widths=(12,), epochs=12, lr=0.01), 3).fit(*prepared(X, df["online"], seed))


@case("weak_signal")
def junctions_from_the_far_letters(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = splice()
    X = X[:, -8:]
    x, t, xv, tv = prepared(X.reshape(len(X), -1), y, seed)
    net = probability_net(x.shape[1], 8)
    fit(net, nn.BCELoss(), torch.optim.Adam(net.parameters(), lr=1e-3), x, t, steps=400)
    net.eval()
    judge(predict(net, xv), tv)


@case("unscaled_features")
def tumours_with_a_small_momentum_net(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = tumours()
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    Trainer(Config(widths=(16,), epochs=20, lr=0.01), 30).fit(Xtr, ytr, Xva, yva)


@case("unscaled_features")
def churn_with_a_tanh_net(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = churn()
    Xtr, Xva, ytr, yva = train_test_split(X.to_numpy(), y.to_numpy(), test_size=0.3, stratify=y, random_state=seed)
    net = probability_net(Xtr.shape[1], 32)
    fit(net, nn.BCELoss(), torch.optim.Adam(net.parameters(), lr=2e-3), Xtr, ytr, steps=1500)
    net.eval()
    judge(predict(net, Xva), yva)


@case("label_encoding")
def loans_status_codes(seed: int) -> None:
    torch.manual_seed(seed)
    X, bad = credit()
    status = bad.map({0: 1, 1: 2})
    notebook_mlp(*prepared(X, status, seed), hidden=(32,), epochs=12)


@case("label_encoding")
def names_with_signed_labels(seed: int) -> None:
    torch.manual_seed(seed)
    X, female = letters_of_names()
    sign = np.where(female == 1, 1, -1)
    notebook_mlp(*prepared(X, sign, seed), hidden=(24,), epochs=10)


@case("unshuffled_data")
def spam_first_then_ham(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = spambase()
    rows = np.random.default_rng(seed).permutation(len(y))
    held, kept = rows[:1200], np.sort(rows[1200:])
    Xtr, Xva = standardised(np.log1p(X[kept]), np.log1p(X[held]))
    net = Trainer(Config(widths=(32,), epochs=15, lr=0.05, shuffle=False), X.shape[1])
    net.fit(Xtr, y[kept], Xva, y[held])


@case("unshuffled_data")
def income_export_ordered_by_answer(seed: int) -> None:
    torch.manual_seed(seed)
    x, t, xv, tv = prepared(*adult(), seed)
    order = np.argsort(t, kind="stable")
    config = Config(widths=(16,), epochs=10, lr=0.05, batch=16, shuffle=False)
    Trainer(config, x.shape[1]).fit(x[order], t[order], xv, tv)


# ---------------------------------------------------------------- only the settings differ


@case("lr_too_high")
def income_adam_large_rate(seed: int) -> None:
    torch.manual_seed(seed)
    notebook_mlp(*prepared(*adult(), seed), lr=0.5, epochs=15)


@case("lr_too_high")
def odd_digits_conv_large_rate(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = digits()
    images = (X / 16 - 0.3).reshape(-1, 8, 8)
    Xtr, Xva, ytr, yva = train_test_split(images, y, test_size=0.3, stratify=y, random_state=seed)
    margin_cnn((Xtr, ytr), (Xva, yva), lr=0.3)


@case("lr_too_low")
def spam_trainer_small_rate(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = spambase()
    rate = 1e-6
    Trainer(Config(lr=rate, epochs=24, init="xavier"), X.shape[1]).fit(*prepared(np.log1p(X), y, seed))


@case("lr_too_low")
def bike_hours_small_rate(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = bike_days()
    notebook_mlp(*prepared(X, y, seed), hidden=(32,), lr=1e-6, epochs=60, batch_size=16)


@case("bad_init")
def names_tanh_wide_start(seed: int) -> None:
    torch.manual_seed(seed)
    x, t, xv, tv = prepared(*letters_of_names(), seed)
    net = probability_net(x.shape[1], 64)
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=2.0)
    fit(net, nn.BCELoss(), torch.optim.Adam(net.parameters(), lr=1e-3), x, t, steps=800)
    net.eval()
    judge(predict(net, xv), tv)


@case("bad_init")
def wine_trainer_from_zero(seed: int) -> None:
    torch.manual_seed(seed)
    X, kind = load_wine(return_X_y=True)
    start = "zeros"
    Trainer(Config(widths=(16, 8), init=start, batch=16), 13).fit(*prepared(X, kind == 1, seed))


@case("dead_relu")
def masses_threshold_units(seed: int) -> None:
    torch.manual_seed(seed)
    x, t, xv, tv = prepared(*masses(), seed)
    net = probability_net(x.shape[1], 24, nn.ReLU)
    nn.init.constant_(net[2].bias, -6.0)
    fit(net, nn.BCELoss(), torch.optim.Adam(net.parameters(), lr=1e-3), x, t, steps=500)
    net.eval()
    judge(predict(net, xv), tv)


@case("vanishing_gradients")
def odd_digits_ten_sigmoid_layers(seed: int) -> None:
    torch.manual_seed(seed)
    kind = nn.Sigmoid
    notebook_mlp(*prepared(*digits(), seed), hidden=(32,) * 10, activation=kind, epochs=25)


@case("undertrained")
def churn_a_dozen_steps(seed: int) -> None:
    torch.manual_seed(seed)
    x, t, xv, tv = prepared(*churn(), seed)
    net = probability_net(x.shape[1], 32)
    steps = 12
    fit(net, nn.BCELoss(), torch.optim.Adam(net.parameters(), lr=2e-3), x, t, steps=steps)
    net.eval()
    judge(predict(net, xv), tv)


@case("scheduler_misuse")
def odd_digits_decay_inside_the_epoch(seed: int) -> None:
    torch.manual_seed(seed)
    Trainer(Config(gamma=0.8, decay_every="batch"), 64).fit(*prepared(*digits(), seed))


@case("scheduler_misuse")
def splice_slow_warm_up(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = splice()
    x, t, xv, tv = prepared(X.reshape(len(X), -1), y, seed)
    net = probability_net(x.shape[1], 16)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda step: min(1.0, step / 100_000))
    fit(net, nn.BCELoss(), opt, x, t, steps=400, scheduler=warm)
    net.eval()
    judge(predict(net, xv), tv)


@case("regularisation_too_strong")
def spam_heavy_decay(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = spambase()
    notebook_mlp(*prepared(np.log1p(X), y, seed), epochs=12, weight_decay=1.0)


@case("regularisation_too_strong")
def odd_digits_heavy_dropout(seed: int) -> None:
    torch.manual_seed(seed)
    p = 0.9
    notebook_mlp(*prepared(*digits(), seed), hidden=(48, 48, 24), epochs=40, dropout=p)


@case("overfitting")
def loans_few_rows_wide_net(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = credit()
    rows, _ = train_test_split(np.arange(len(y)), train_size=600, stratify=y, random_state=seed)
    x, t, xv, tv = prepared(X.iloc[rows], y.iloc[rows], seed, 0.5)
    notebook_mlp(x, t, xv, tv, hidden=(256, 256), epochs=120, batch_size=32)


@case("underfitting")
def rings_one_unit(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_circles(1200, noise=0.1, factor=0.5, random_state=seed)
    widths = (1,)
    Trainer(Config(widths=widths, act="tanh", epochs=60, lr=0.05), 2).fit(*prepared(X, y, seed))


@case("eval_mode_missing")
def splice_scored_right_after_training(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = splice()
    x, t, xv, tv = prepared(X.reshape(len(X), -1), y, seed)
    net = nn.Sequential(nn.Dropout(0.2), nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 8),
                        nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1), nn.Sigmoid())  # fmt: skip
    fit(net, nn.BCELoss(), torch.optim.Adam(net.parameters(), lr=2e-3), x, t, steps=800)
    judge(predict(net, xv), tv)


@case("frozen_params")
def odd_digits_body_kept(seed: int) -> None:
    torch.manual_seed(seed)
    x, t, xv, tv = prepared(*digits(), seed)
    body = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU())
    for weight in body.parameters():
        weight.requires_grad = False
    net = nn.Sequential(body, nn.Linear(12, 1), nn.Sigmoid())
    trainable = [w for w in net.parameters() if w.requires_grad]
    fit(net, nn.BCELoss(), torch.optim.Adam(trainable, lr=2e-3), x, t, steps=1200)
    net.eval()
    judge(predict(net, xv), tv)


@case("optimizer_wrong_params")
def mushrooms_net_built_anew(seed: int) -> None:
    torch.manual_seed(seed)
    x, t, xv, tv = prepared(*mushrooms(), seed)
    net = probability_net(x.shape[1])
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    net = probability_net(x.shape[1], 24, nn.ReLU)
    fit(net, nn.BCELoss(), optimizer, x, t, steps=600)
    net.eval()
    judge(predict(net, xv), tv)


@case("double_sigmoid")
def churn_probability_net_logit_loss(seed: int) -> None:
    torch.manual_seed(seed)
    x, t, xv, tv = prepared(*churn(), seed)
    net = probability_net(x.shape[1], 24, nn.ReLU)
    criterion = nn.BCEWithLogitsLoss()
    fit(net, criterion, torch.optim.Adam(net.parameters(), lr=2e-3), x, t, steps=1000)
    net.eval()
    judge(predict(net, xv), tv)


@case("class_weights_wrong")
def thyroid_positive_weight_ratio(seed: int) -> None:
    torch.manual_seed(seed)
    Xtr, ytr, Xva, yva = prepared(*thyroid(), seed)
    ratio = ytr.sum() / (1 - ytr).sum()
    notebook_mlp(Xtr, ytr, Xva, yva, hidden=(24,), epochs=15, pos_weight=ratio)
