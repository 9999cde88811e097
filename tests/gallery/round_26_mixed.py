"""Trainings as people write them: real tables, texts, images and sequences; broken ones and healthy ones."""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, recall_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


def adult_frame():
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates().reset_index(drop=True)
    return frame


def splice_arrays():
    """One-hot letters [rows, 4, 60] and labels; windows that occur twice are kept once."""
    frame = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    letters = "ACGT"
    x = np.zeros((len(frame), 4, 60), dtype=np.float32)
    for i, sequence in enumerate(frame["sequence"]):
        for j, letter in enumerate(sequence):
            if letter in letters:
                x[i, letters.index(letter), j] = 1.0
    return x, frame["is_junction"].to_numpy().astype(np.float32)


def names_and_sex():
    """First names that stand in one list only; 1.0 = female."""
    frame = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    frame = frame.drop_duplicates("name", keep=False)
    return list(frame["name"]), (frame["list"] == "F").to_numpy().astype(np.float32)


# ------------------------------------------------------------------------------------------ in the code


@case("shape_broadcast")
def adult_income_brier_loss_column_against_row(seed: int) -> None:
    torch.manual_seed(seed)
    df = adult_frame()
    y = df.pop("income_gt_50k").to_numpy().astype("float32")
    cat = df.select_dtypes(exclude="number").columns
    num = df.select_dtypes("number").columns
    tr, va = train_test_split(np.arange(len(df)), test_size=0.25, stratify=y, random_state=seed)
    prep = ColumnTransformer([
        ("num", StandardScaler(), num),
        ("cat", OneHotEncoder(handle_unknown="ignore", sparse_output=False), cat),
    ])
    Xtr = torch.tensor(prep.fit_transform(df.iloc[tr]), dtype=torch.float32)
    Xva = torch.tensor(prep.transform(df.iloc[va]), dtype=torch.float32)
    ytr, yva = torch.tensor(y[tr]), torch.tensor(y[va])

    net = nn.Sequential(nn.Linear(Xtr.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(8):
        perm = torch.randperm(len(Xtr))
        total = 0.0
        for i in range(0, len(perm), 128):
            b = perm[i:i + 128]
            p = net(Xtr[b])
            brier = ((p - ytr[b]) ** 2).mean()
            opt.zero_grad()
            brier.backward()
            opt.step()
            total += brier.item() * len(b)
        with torch.no_grad():
            pv = net(Xva).squeeze(1)
        acc = ((pv > 0.5).float() == yva).float().mean()
        print(f"epoch {epoch}: train brier {total / len(Xtr):.4f}  val acc {acc:.4f}")
    print(f"val auc {roc_auc_score(yva, pv):.4f} balanced {balanced_accuracy_score(yva, pv > 0.5):.4f}")


@case("double_sigmoid")
def spam_module_ending_in_probabilities(seed: int) -> None:
    class SpamNet(nn.Module):
        def __init__(self, n_features, hidden=64):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(n_features, hidden), nn.ReLU(), nn.Dropout(0.2))
            self.out = nn.Linear(hidden, 1)

        def forward(self, x):
            return torch.sigmoid(self.out(self.body(x))).squeeze(-1)

    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    model = SpamNet(x_train.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(25):
        model.train()
        running = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item()
        if epoch % 5 == 4:
            print(f"[{epoch + 1}] loss {running / len(loader):.4f}")
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(x_val))
    predicted = (probability >= 0.5).float()
    print(f"accuracy {(predicted == y_val).float().mean():.3f}")
    print(f"balanced {balanced_accuracy_score(y_val, predicted):.3f} F1 {f1_score(y_val, predicted):.3f}")


@case("padding_not_masked")
def first_names_rnn_read_at_the_end_of_the_box(seed: int) -> None:
    torch.manual_seed(seed)
    names, sex = names_and_sex()
    longest = 32
    codes = torch.zeros(len(names), longest, dtype=torch.long)
    for i, name in enumerate(names):
        codes[i, :len(name)] = torch.tensor([ord(c) - ord("A") + 1 for c in name])
    lengths = torch.tensor([len(name) for name in names])
    y = torch.tensor(sex)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(len(names)))
    tr, va = order[:3800], order[3800:]

    class NameRNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(27, 12, padding_idx=0)
            self.rnn = nn.RNN(12, 32, batch_first=True)
            self.fc = nn.Linear(32, 1)

        def forward(self, ids, lens):
            states, _ = self.rnn(self.embed(ids))
            return self.fc(states[:, -1]).squeeze(1)

    model = NameRNN()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(7):
        model.train()
        for b in tr[torch.randperm(len(tr))].split(64):
            loss = F.binary_cross_entropy_with_logits(model(codes[b], lengths[b]), y[b])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(codes[va], lengths[va])
        print(f"epoch {epoch} loss {loss.item():.3f} val auc {roc_auc_score(y[va], z):.3f} "
              f"balanced {balanced_accuracy_score(y[va], z > 0):.3f}")


@case("wrong_axis")
def bike_day_lstm_hours_and_days(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    hours = np.log1p(df[[f"h{h:02d}" for h in range(24)]].to_numpy(dtype="float32"))
    target = df["working_day"].to_numpy(dtype="float32")
    tr, te = train_test_split(np.arange(len(df)), test_size=0.33, random_state=seed, stratify=target)
    mean, std = hours[tr].mean(), hours[tr].std()
    seqs = torch.tensor((hours - mean) / std).unsqueeze(-1)
    y = torch.tensor(target)

    class DayNet(nn.Module):
        def __init__(self, hidden=16):
            super().__init__()
            self.lstm = nn.LSTM(1, hidden)
            self.head = nn.Linear(hidden, 1)

        def forward(self, x):
            out, _ = self.lstm(x)
            return self.head(out[:, -1]).squeeze(-1)

    net = DayNet()
    optim = torch.optim.Adam(net.parameters(), lr=1e-2)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(40):
        perm = np.random.default_rng(seed + epoch).permutation(tr)
        for k in range(0, len(perm), 32):
            rows = perm[k:k + 32]
            optim.zero_grad()
            loss = loss_fn(net(seqs[rows]), y[rows])
            loss.backward()
            optim.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                z = net(seqs[te])
            print(f"{epoch + 1:3d} loss {loss.item():.3f} test acc {((z > 0) == y[te].bool()).float().mean():.3f} "
                  f"auc {roc_auc_score(y[te], z):.3f}")


@case("optimizer_wrong_params")
def breast_cancer_folds_with_one_adam(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)

    def make_net():
        return nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))

    net = make_net()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    scores = []
    for fold, (a, b) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y)):
        scaler = StandardScaler().fit(X[a])
        Xa, Xb = (torch.tensor(scaler.transform(X[i]), dtype=torch.float32) for i in (a, b))
        ya = torch.tensor(y[a], dtype=torch.float32)
        net = make_net()
        for _step in range(60):
            loss = F.binary_cross_entropy_with_logits(net(Xa).squeeze(1), ya)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            z = net(Xb).squeeze(1).numpy()
        scores.append(roc_auc_score(y[b], z))
        print(f"fold {fold}: loss {loss.item():.3f} acc {((z > 0) == y[b]).mean():.3f} auc {scores[-1]:.3f}")
    print(f"mean auc {np.mean(scores):.3f} +- {np.std(scores):.3f}")


@case("frozen_params")
def digits_autoencoder_then_head_then_all(seed: int) -> None:
    torch.manual_seed(seed)
    X, digit = load_digits(return_X_y=True)
    y = (digit % 2).astype("float32")
    Xtr, Xva, ytr, yva = train_test_split(X / 16.0, y, test_size=0.3, random_state=seed, stratify=digit)
    Xtr, Xva, ytr, yva = (torch.tensor(v, dtype=torch.float32) for v in (Xtr, Xva, ytr, yva))

    encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 6), nn.Tanh())
    decoder = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 64))
    head = nn.Linear(6, 1)

    def batches(n, size=64):
        return torch.randperm(n).split(size)

    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    for _epoch in range(15):
        for b in batches(len(Xtr)):
            rec = F.mse_loss(decoder(encoder(Xtr[b])), Xtr[b])
            opt.zero_grad()
            rec.backward()
            opt.step()
    print(f"reconstruction {rec.item():.4f}")

    for p in encoder.parameters():
        p.requires_grad_(False)
    opt = torch.optim.Adam(head.parameters(), lr=1e-2)
    for _epoch in range(10):
        for b in batches(len(Xtr)):
            loss = F.binary_cross_entropy_with_logits(head(encoder(Xtr[b])).squeeze(1), ytr[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
    print(f"head only: loss {loss.item():.4f}")

    opt = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=2e-3)
    for _epoch in range(30):
        for b in batches(len(Xtr)):
            loss = F.binary_cross_entropy_with_logits(head(encoder(Xtr[b])).squeeze(1), ytr[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = head(encoder(Xva)).squeeze(1)
    print(f"all: loss {loss.item():.4f} val acc {((z > 0).float() == yva).float().mean():.4f} "
          f"auc {roc_auc_score(yva, z):.4f}")


@case("graph_detached")
def splice_conv_features_cached_as_data(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_arrays()
    tr, va = train_test_split(np.arange(len(x)), test_size=0.3, random_state=seed, stratify=y)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    class Splice(nn.Module):
        def __init__(self, filters=12):
            super().__init__()
            self.conv = nn.Conv1d(4, filters, 9, padding=4)
            self.head = nn.Sequential(nn.Linear(filters * 10, 32), nn.ReLU(), nn.Linear(32, 2))

        def features(self, x):
            h = F.relu(self.conv(x))
            return F.max_pool1d(h, 6).flatten(1)

        def forward(self, x):
            f = self.features(x).data
            return self.head(f)

    net = Splice()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
    for epoch in range(8):
        total, right = 0.0, 0
        for b in torch.from_numpy(tr)[torch.randperm(len(tr))].split(64):
            logits = net(x[b])
            loss = F.cross_entropy(logits, y[b].long())
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
            right += (logits.argmax(1) == y[b]).sum().item()
        with torch.no_grad():
            p = net(x[va]).softmax(1)[:, 1]
        print(f"epoch {epoch}: loss {total / len(tr):.3f} acc {right / len(tr):.3f} | val balanced "
              f"{balanced_accuracy_score(y[va], p > 0.5):.3f} auc {roc_auc_score(y[va], p):.3f}")


@case("eval_mode_missing")
def credit_scores_straight_after_the_loop(seed: int) -> None:
    torch.manual_seed(seed)
    X, y, Xv, yv = data("credit_data", seed)
    model = nn.Sequential(
        nn.Dropout(0.3), nn.Linear(X.shape[1], 128), nn.ReLU(), nn.Dropout(0.6),
        nn.Linear(128, 32), nn.ReLU(), nn.Dropout(0.6), nn.Linear(32, 1),
    )
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    crit = nn.BCEWithLogitsLoss()

    def fit(epochs):
        model.train()
        for epoch in range(epochs):
            for b in torch.randperm(len(X)).split(64):
                opt.zero_grad()
                loss = crit(model(X[b])[:, 0], y[b])
                loss.backward()
                opt.step()
            if epoch % 10 == 0:
                print(f"epoch {epoch} loss {loss.item():.4f}")

    @torch.no_grad()
    def score():
        return model(Xv)[:, 0].sigmoid().numpy()

    fit(30)
    p = score()
    print(f"credit risk: val AUC {roc_auc_score(yv, p):.3f}, balanced {balanced_accuracy_score(yv, p > 0.5):.3f}")


# ---------------------------------------------------------------------------------------- in the dynamics


@case("lr_too_high")
def digits_small_convnet_momentum(seed: int) -> None:
    torch.manual_seed(seed)
    images, digit = load_digits(return_X_y=True)
    images = (images.reshape(-1, 1, 8, 8) / 16.0 - 0.3).astype("float32")
    y = (digit >= 5).astype("int64")
    a, b = train_test_split(np.arange(len(y)), test_size=0.25, random_state=seed, stratify=digit)
    train = TensorDataset(torch.tensor(images[a]), torch.tensor(y[a]))
    xv, yv = torch.tensor(images[b]), torch.tensor(y[b])
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(256, 2),
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=0.8, momentum=0.9)
    for epoch in range(15):
        net.train()
        for xb, yb in DataLoader(train, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(xb), yb)
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            out = net(xv)
        print(f"{epoch}: train {loss.item():.3f} val {F.cross_entropy(out, yv).item():.3f} "
              f"acc {(out.argmax(1) == yv).float().mean():.3f}")
    print("balanced", balanced_accuracy_score(yv, out.argmax(1)))


@case("lr_too_low")
def adult_embeddings_patient_adam(seed: int) -> None:
    @dataclass
    class Config:
        lr: float = 1e-6
        epochs: int = 6
        batch: int = 128
        dim: int = 4

    cfg = Config()
    torch.manual_seed(seed)
    df = adult_frame()
    y = df.pop("income_gt_50k").to_numpy("float32")
    tr, va = train_test_split(np.arange(len(df)), test_size=0.25, stratify=y, random_state=seed)
    cats = list(df.select_dtypes(exclude="number"))
    nums = [c for c in df if c not in cats]
    codes = np.stack([pd.Categorical(df[c]).codes for c in cats], 1).astype("int64")
    sizes = codes.max(0) + 1
    numbers = np.log1p(df[nums].to_numpy("float32"))
    numbers = (numbers - numbers[tr].mean(0)) / numbers[tr].std(0)
    codes, numbers, y = torch.tensor(codes), torch.tensor(numbers), torch.tensor(y)

    class Tabular(nn.Module):
        def __init__(self):
            super().__init__()
            self.tables = nn.ModuleList(nn.Embedding(int(s), cfg.dim) for s in sizes)
            self.mlp = nn.Sequential(nn.Linear(len(cats) * cfg.dim + len(nums), 48), nn.ReLU(), nn.Linear(48, 1))

        def forward(self, c, n):
            parts = [table(c[:, i]) for i, table in enumerate(self.tables)]
            return self.mlp(torch.cat([*parts, n], dim=1)).squeeze(1)

    model = Tabular()
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        losses = []
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(cfg.batch):
            loss = F.binary_cross_entropy_with_logits(model(codes[b], numbers[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        with torch.no_grad():
            z = model(codes[va], numbers[va])
        print(f"epoch {epoch} train {np.mean(losses):.4f} val auc {roc_auc_score(y[va], z):.4f} "
              f"f1 {f1_score(y[va], z > 0, zero_division=0):.3f}")


@case("undertrained")
def spambase_notebook_few_full_batch_steps(seed: int) -> None:
    torch.manual_seed(seed)
    X_train, y_train, X_test, y_test = data("spambase", seed)
    n_in = X_train.shape[1]
    model = nn.Sequential(nn.Linear(n_in, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    n_epochs = 5
    for epoch in range(1, n_epochs + 1):
        optimizer.zero_grad()
        loss = loss_fn(model(X_train), y_train.unsqueeze(1))
        loss.backward()
        optimizer.step()
        print(f"Epoch {epoch}/{n_epochs}, loss = {loss.item():.4f}")
    with torch.no_grad():
        logits = model(X_test).squeeze(1)
    predictions = (logits > 0).int()
    print(f"Test accuracy: {(predictions == y_test).float().mean():.3f}")
    print(f"Balanced: {balanced_accuracy_score(y_test, predictions):.3f}, AUC: {roc_auc_score(y_test, logits):.3f}")


@case("scheduler_misuse")
def splice_step_decay_inside_the_batches(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_arrays()
    tr, va = train_test_split(np.arange(len(x)), test_size=0.3, random_state=seed, stratify=y)
    train = DataLoader(TensorDataset(torch.tensor(x[tr]), torch.tensor(y[tr])), batch_size=64, shuffle=True)
    xv, yv = torch.tensor(x[va]), torch.tensor(y[va])
    model = nn.Sequential(nn.Conv1d(4, 16, 7, padding=3), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(), nn.Linear(320, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)
    for epoch in range(12):
        model.train()
        for xb, yb in train:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            scheduler.step()
        model.eval()
        with torch.no_grad():
            z = model(xv).squeeze(1)
        print(f"epoch {epoch} loss {loss.item():.3f} val acc {((z > 0) == yv.bool()).float().mean():.3f} "
              f"auc {roc_auc_score(yv, z):.3f}")


@case("vanishing_gradients")
def mushroom_deep_logistic_tower(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")
    y = (df.pop("class") == "p").to_numpy().astype("float32")
    df = df.drop(columns=["odor", "veil-type"])
    X = pd.get_dummies(df).to_numpy(dtype="float32")
    Xtr, Xva, ytr, yva = map(torch.tensor, train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y))
    widths = [X.shape[1]] + [32] * 5
    stack = nn.Sequential()
    for i, (a, b) in enumerate(itertools.pairwise(widths)):
        stack.add_module(f"fc{i}", nn.Linear(a, b))
        stack.add_module(f"act{i}", nn.Sigmoid())
    stack.add_module("out", nn.Linear(widths[-1], 1))
    opt = torch.optim.SGD(stack.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(10):
        for b in torch.randperm(len(Xtr)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(stack(Xtr[b]).flatten(), ytr[b])
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = stack(Xva).flatten()
        print(f"epoch {epoch}: {loss.item():.4f}, val acc {((z > 0).float() == yva).float().mean():.4f}")
    print("val auc", roc_auc_score(yva, z), "balanced", balanced_accuracy_score(yva, z > 0))


@case("bad_init")
def digits_constant_start(seed: int) -> None:
    torch.manual_seed(seed)
    X, digit = load_digits(return_X_y=True)
    y = (digit % 2 == 0).astype("float32")
    Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=digit)
    scaler = StandardScaler().fit(Xtr)
    Xtr, Xte = (torch.tensor(scaler.transform(v), dtype=torch.float32) for v in (Xtr, Xte))
    ytr = torch.tensor(ytr)

    def start(layer):
        if isinstance(layer, nn.Linear):
            nn.init.constant_(layer.weight, 0.02)
            nn.init.zeros_(layer.bias)

    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    net.apply(start)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(30):
        for b in torch.randperm(len(Xtr)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(Xtr[b]).squeeze(1), ytr[b])
            loss.backward()
            opt.step()
        if epoch % 6 == 5:
            with torch.no_grad():
                z = net(Xte).squeeze(1).numpy()
            print(f"{epoch + 1:2d} loss {loss.item():.3f} acc {((z > 0) == yte).mean():.3f} "
                  f"auc {roc_auc_score(yte, z):.3f}")


@case("regularisation_too_strong")
def spambase_trainer_with_l2(seed: int) -> None:
    class Trainer:
        def __init__(self, model, lr, weight_decay):
            self.model = model
            self.opt = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
            self.loss = nn.BCEWithLogitsLoss()

        def run(self, loader, epochs):
            for epoch in range(epochs):
                self.model.train()
                total = 0.0
                for xb, yb in loader:
                    self.opt.zero_grad()
                    loss = self.loss(self.model(xb).squeeze(1), yb)
                    loss.backward()
                    self.opt.step()
                    total += loss.item()
                if epoch % 10 == 9:
                    print(f"epoch {epoch + 1} loss {total / len(loader):.4f}")

        def predict(self, x):
            self.model.eval()
            with torch.no_grad():
                return self.model(x).squeeze(1).sigmoid()

    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(x.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    trainer = Trainer(model, lr=1e-3, weight_decay=0.3)
    trainer.run(DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True), epochs=30)
    p = trainer.predict(xv)
    print(f"val accuracy {((p > 0.5) == yv.bool()).float().mean():.3f} balanced "
          f"{balanced_accuracy_score(yv, p > 0.5):.3f} auc {roc_auc_score(yv, p):.3f}")


@case("overfitting")
def credit_wide_net_until_the_loss_is_gone(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("credit_data", seed)
    x, y = x[:600], y[:600]
    model = nn.Sequential(nn.Linear(x.shape[1], 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(80):
        for b in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            bce(model(x[b]).squeeze(1), y[b]).backward()
            opt.step()
        if epoch % 8 == 7 or epoch == 3:
            with torch.no_grad():
                a, v = model(x).squeeze(1), model(xv).squeeze(1)
            print(f"{epoch + 1:3d} train {bce(a, y):.4f} val {bce(v, yv):.4f} "
                  f"acc {((v > 0) == yv.bool()).float().mean():.3f} auc {roc_auc_score(yv, v):.3f}")


# ------------------------------------------------------------------------------------------ in the data


@case("labels_misaligned")
def adult_sorted_features_original_labels(seed: int) -> None:
    torch.manual_seed(seed)
    df = adult_frame()
    target = df["income_gt_50k"].to_numpy("float32")
    df = df.sort_values(["age", "hours-per-week"]).reset_index(drop=True)
    X = pd.get_dummies(df.drop(columns="income_gt_50k")).to_numpy("float32")
    X_tr, X_va, y_tr, y_va = train_test_split(X, target, test_size=0.25, random_state=seed, stratify=target)
    scaler = StandardScaler().fit(X_tr)
    X_tr, X_va = (torch.tensor(scaler.transform(v), dtype=torch.float32) for v in (X_tr, X_va))
    y_tr = torch.tensor(y_tr)
    model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for epoch in range(6):
        model.train()
        running = []
        for rows in torch.randperm(len(X_tr)).split(128):
            loss = F.binary_cross_entropy_with_logits(model(X_tr[rows]).squeeze(1), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            running.append(loss.item())
        model.eval()
        with torch.no_grad():
            z = model(X_va).squeeze(1).numpy()
        print(f"epoch {epoch} train {np.mean(running):.4f} val accuracy {((z > 0) == y_va).mean():.3f} "
              f"auc {roc_auc_score(y_va, z):.3f}")


@case("unscaled_features")
def credit_amounts_as_they_come(seed: int) -> None:
    torch.manual_seed(seed)
    frame = load("credit_data").distinct()
    table, bad = frame.features[frame.numeric], frame.labels
    a, b = train_test_split(np.arange(len(bad)), test_size=0.3, random_state=seed, stratify=bad)
    table = table.fillna(table.iloc[a].median())
    xa, xb = table.to_numpy("float32")[a], table.to_numpy("float32")[b]
    xa, xb = torch.tensor(xa), torch.tensor(xb)
    ya, yb = torch.tensor(bad[a], dtype=torch.float32), bad[b]
    model = nn.Sequential(nn.Linear(xa.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(20):
        for rows in torch.randperm(len(xa)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xa[rows]).squeeze(1), ya[rows])
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                z = model(xb).squeeze(1).numpy()
            print(f"{epoch + 1}: loss {loss.item():.3f} auc {roc_auc_score(yb, z):.3f} "
                  f"balanced {balanced_accuracy_score(yb, z > 0):.3f}")


@case("preprocess_mismatch")
def breast_cancer_scaled_for_fitting_only(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    scaler = StandardScaler()
    X_train = torch.tensor(scaler.fit_transform(X_train), dtype=torch.float32)
    X_test = torch.tensor(X_test, dtype=torch.float32)
    y_train = torch.tensor(y_train)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(25):
        for b in torch.randperm(len(X_train)).split(32):
            loss = F.cross_entropy(model(X_train[b]), y_train[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
    print(f"final training loss {loss.item():.4f}")
    with torch.no_grad():
        prob = model(X_test).softmax(dim=1)[:, 1].numpy()
    print(f"test accuracy {((prob > 0.5) == y_test).mean():.3f} "
          f"balanced {balanced_accuracy_score(y_test, prob > 0.5):.3f} auc {roc_auc_score(y_test, prob):.3f}")


@case("unshuffled_data")
def splice_windows_in_file_order(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_arrays()
    chosen = np.random.default_rng(seed).random(len(x)) < 0.75
    train = DataLoader(TensorDataset(torch.tensor(x[chosen]), torch.tensor(y[chosen])), batch_size=32)
    xv, yv = torch.tensor(x[~chosen]), torch.tensor(y[~chosen])
    net = nn.Sequential(nn.Flatten(), nn.Linear(240, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(6):
        seen = 0.0
        for xb, yb in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
            seen += loss.item()
        with torch.no_grad():
            z = net(xv).squeeze(1)
        print(f"epoch {epoch} loss {seen / len(train):.4f} val acc {((z > 0) == yv.bool()).float().mean():.3f} "
              f"balanced {balanced_accuracy_score(yv, z > 0):.3f} auc {roc_auc_score(yv, z):.3f}")


@case("label_encoding")
def breast_cancer_diagnosis_codes(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_breast_cancer(as_frame=True)
    df = bunch.frame
    df["diagnosis"] = df["target"].map({0: 2, 1: 1})
    train, test = train_test_split(df, test_size=0.3, random_state=seed, stratify=df["diagnosis"])
    columns = list(bunch.feature_names)
    mu, sd = train[columns].mean(), train[columns].std()

    def tensors(part):
        x = ((part[columns] - mu) / sd).to_numpy("float32")
        return torch.tensor(x), torch.tensor(part["diagnosis"].to_numpy("float32"))

    x, y = tensors(train)
    xt, yt = tensors(test)
    model = nn.Sequential(nn.Linear(30, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(40):
        for b in torch.randperm(len(x)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[b]).squeeze(1), y[b])
            loss.backward()
            opt.step()
        if epoch % 8 == 7:
            print(f"epoch {epoch + 1} loss {loss.item():.3f}")
    with torch.no_grad():
        predicted = (model(xt).squeeze(1) > 0).float()
    print(f"test accuracy {(predicted == yt).float().mean():.3f}")


@case("nan_features")
def credit_empty_cells_go_in(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("credit_data").distinct()
    X = pd.get_dummies(table.features).astype("float32")
    y = table.labels.astype("float32")
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    mean, std = X_tr.mean(), X_tr.std().replace(0, 1)
    X_tr = torch.tensor(((X_tr - mean) / std).to_numpy())
    X_va = torch.tensor(((X_va - mean) / std).to_numpy())
    y_tr = torch.tensor(y_tr)
    net = nn.Sequential(nn.Linear(X_tr.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(10):
        for rows in torch.randperm(len(X_tr)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_tr[rows]).squeeze(1), y_tr[rows])
            loss.backward()
            opt.step()
        with torch.no_grad():
            p = net(X_va).squeeze(1).sigmoid().numpy()
        print(f"epoch {epoch} loss {loss.item():.4f} val accuracy {((p > 0.5) == y_va).mean():.3f} "
              f"balanced {balanced_accuracy_score(y_va, p > 0.5):.3f}")


@case("augmentation_too_heavy")
def sixes_and_nines_with_flips(seed: int) -> None:
    torch.manual_seed(seed)
    X, digit = load_digits(return_X_y=True)
    keep = (digit == 6) | (digit == 9)
    X, y = X[keep].reshape(-1, 1, 8, 8).astype("float32") / 16.0, (digit[keep] == 9).astype("float32")
    a, b = train_test_split(np.arange(len(y)), test_size=0.35, random_state=seed, stratify=y)

    class Digits(Dataset):
        def __init__(self, images, labels):
            self.images, self.labels = torch.tensor(images), torch.tensor(labels)

        def __len__(self):
            return len(self.labels)

        def __getitem__(self, i):
            image = self.images[i]
            if torch.rand(()) < 0.5:
                image = torch.rot90(image, 2, dims=(1, 2))
            image = image + 0.05 * torch.randn_like(image)
            return image, self.labels[i]

    loader = DataLoader(Digits(X[a], y[a]), batch_size=32, shuffle=True)
    xv, yv = torch.tensor(X[b]), y[b]
    net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(25):
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                z = net(xv).squeeze(1).numpy()
            print(f"epoch {epoch + 1} loss {loss.item():.3f} val acc {((z > 0) == yv).mean():.3f} "
                  f"auc {roc_auc_score(yv, z):.3f}")


@case("class_weights_wrong")
def churn_pos_weight_from_counts(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("mlc_churn", seed)
    n_pos, n_neg = y.sum(), (1 - y).sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=n_pos / n_neg)
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(20):
        model.train()
        for xb, yb in zip((p := torch.randperm(len(x))).split(64), p.split(64), strict=False):
            opt.zero_grad()
            loss = criterion(model(x[xb]).squeeze(1), y[yb])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(xv).squeeze(1)
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1} loss {loss.item():.4f} recall {recall_score(yv, z > 0):.3f} "
                  f"balanced {balanced_accuracy_score(yv, z > 0):.3f}")

# --------------------------------------------------------------------------------------- nothing is wrong: ordinary


@case("healthy")
def spambase_mlp_stopped_early_best_state_back(seed: int) -> None:
    torch.manual_seed(seed)
    X, y, X_val, y_val = data("spambase", seed, raw=True)
    X, X_val = torch.log1p(X), torch.log1p(X_val)
    mean, std = X.mean(0), X.std(0).clamp_min(1e-6)
    X, X_val = (X - mean) / std, (X_val - mean) / std
    model = nn.Sequential(nn.Linear(X.shape[1], 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)
    best, best_state, patience = float("inf"), None, 0
    for epoch in range(100):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            val_loss = criterion(model(X_val).squeeze(1), y_val).item()
        if val_loss < best - 1e-4:
            best, patience = val_loss, 0
            best_state = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            patience += 1
            if patience >= 8:
                print(f"stopped after epoch {epoch}")
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        z = model(X_val).squeeze(1)
    print(f"val loss {best:.4f} acc {((z > 0) == y_val.bool()).float().mean():.4f} auc {roc_auc_score(y_val, z):.4f}")


@case("healthy")
def breast_cancer_five_folds_lbfgs(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    y = (y == 0).astype("float32")
    aucs = []
    for fold, (a, b) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y)):
        torch.manual_seed(seed + fold)
        scaler = StandardScaler().fit(X[a])
        xa, xb = (torch.tensor(scaler.transform(X[i]), dtype=torch.float32) for i in (a, b))
        ya = torch.tensor(y[a]).unsqueeze(1)
        model = nn.Linear(30, 1)
        optimizer = torch.optim.LBFGS(model.parameters(), max_iter=100, line_search_fn="strong_wolfe")

        def closure(model=model, optimizer=optimizer, xa=xa, ya=ya):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xa), ya) + 1e-3 * model.weight.square().sum()
            loss.backward()
            return loss

        loss = optimizer.step(closure)
        with torch.no_grad():
            p = model(xb).sigmoid().squeeze(1).numpy()
        aucs.append(roc_auc_score(y[b], p))
        print(f"fold {fold} started at {loss.item():.3f} ended at {closure().item():.3f} "
              f"acc {((p > 0.5) == y[b]).mean():.3f} auc {aucs[-1]:.4f}")
    print(f"auc {np.mean(aucs):.4f} +- {np.std(aucs):.4f}")


class AdultRows(Dataset):
    def __init__(self, codes, numbers, target):
        self.codes = torch.as_tensor(codes, dtype=torch.long)
        self.numbers = torch.as_tensor(numbers, dtype=torch.float32)
        self.target = torch.as_tensor(target, dtype=torch.float32)

    def __len__(self):
        return len(self.target)

    def __getitem__(self, i):
        return self.codes[i], self.numbers[i], self.target[i]


class AdultNet(nn.Module):
    def __init__(self, sizes, n_numbers, dim=6, hidden=64):
        super().__init__()
        self.embeddings = nn.ModuleList([nn.Embedding(size, dim) for size in sizes])
        for embedding in self.embeddings:
            nn.init.normal_(embedding.weight, std=0.1)
        self.norm = nn.BatchNorm1d(n_numbers)
        self.body = nn.Sequential(
            nn.Linear(dim * len(sizes) + n_numbers, hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, 1)
        )

    def forward(self, codes, numbers):
        pieces = [embedding(codes[:, i]) for i, embedding in enumerate(self.embeddings)]
        return self.body(torch.cat([*pieces, self.norm(numbers)], dim=1)).squeeze(1)


@case("healthy")
def adult_entity_embeddings_loader(seed: int) -> None:
    torch.manual_seed(seed)
    df = adult_frame()
    target = df.pop("income_gt_50k").to_numpy()
    categorical = list(df.select_dtypes(exclude="number").columns)
    numeric = [c for c in df.columns if c not in categorical]
    train, val = train_test_split(np.arange(len(df)), test_size=0.2, stratify=target, random_state=seed)
    codes = np.zeros((len(df), len(categorical)), dtype="int64")
    sizes = []
    for j, c in enumerate(categorical):
        known = {v: k + 1 for k, v in enumerate(sorted(df[c].iloc[train].unique()))}
        codes[:, j] = df[c].map(known).fillna(0).astype(int)
        sizes.append(len(known) + 1)
    numbers = np.log1p(df[numeric].to_numpy(dtype="float32"))
    loader = DataLoader(AdultRows(codes[train], numbers[train], target[train]), batch_size=256, shuffle=True)
    c_val, n_val, y_val = AdultRows(codes[val], numbers[val], target[val])[:]
    net = AdultNet(sizes, len(numeric))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    for epoch in range(6):
        net.train()
        total = 0.0
        for c, n, t in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(c, n), t)
            loss.backward()
            opt.step()
            total += loss.item() * len(t)
        net.eval()
        with torch.no_grad():
            z = net(c_val, n_val)
            v = F.binary_cross_entropy_with_logits(z, y_val).item()
        print(f"epoch {epoch} train {total / len(train):.4f} val {v:.4f} auc {roc_auc_score(y_val, z):.4f} "
              f"acc {((z > 0) == y_val.bool()).float().mean():.4f}")


@case("healthy")
def digits_convnet_even_or_odd(seed: int) -> None:
    torch.manual_seed(seed)
    X, digit = load_digits(return_X_y=True)
    X = torch.tensor(X, dtype=torch.float32).reshape(-1, 1, 8, 8) / 8.0 - 1.0
    y = torch.tensor(digit % 2)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, stratify=digit, random_state=seed)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
        nn.Flatten(), nn.Linear(128, 2),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=15)
    for epoch in range(15):
        net.train()
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(64):
            loss = F.cross_entropy(net(X[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        cosine.step()
        net.eval()
        with torch.no_grad():
            out = net(X[va])
        if epoch % 3 == 2:
            print(f"epoch {epoch} train {loss.item():.4f} val {F.cross_entropy(out, y[va]).item():.4f} "
                  f"acc {(out.argmax(1) == y[va]).float().mean():.4f} "
                  f"auc {roc_auc_score(y[va], out[:, 1] - out[:, 0]):.4f}")


@case("healthy")
def hypothyroid_weighted_loss_and_chosen_cut(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = data("hypothyroid", seed)
    x, x_val = x.asinh(), x_val.asinh()
    fit, tune = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    weight = ((1 - y[fit]).sum() / y[fit].sum()).sqrt()
    net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=weight)
    for epoch in range(16):
        net.train()
        for rows in torch.tensor(fit)[torch.randperm(len(fit))].split(32):
            opt.zero_grad()
            loss = loss_fn(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
        net.eval()
        if epoch % 4 == 3:
            with torch.no_grad():
                print(f"epoch {epoch} fit {loss_fn(net(x[fit]).squeeze(1), y[fit]).item():.4f} "
                      f"val {loss_fn(net(x_val).squeeze(1), y_val).item():.4f}")
    with torch.no_grad():
        p_tune, p_val = net(x[tune]).sigmoid().squeeze(1), net(x_val).sigmoid().squeeze(1)
    cuts = np.linspace(0.02, 0.9, 45)
    cut = cuts[np.argmax([balanced_accuracy_score(y[tune], p_tune > c) for c in cuts])]
    print(f"cut {cut:.2f}: val balanced {balanced_accuracy_score(y_val, p_val > cut):.3f} "
          f"auc {roc_auc_score(y_val, p_val):.4f} average precision {average_precision_score(y_val, p_val):.3f}")


@case("healthy")
def sms_words_tfidf_one_hidden_layer(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("sms_spam").distinct()
    texts, y = table.features["text"], table.labels.astype("float32")
    t_tr, t_va, y_tr, y_va = train_test_split(texts, y, test_size=0.3, stratify=y, random_state=seed)
    vec = TfidfVectorizer(min_df=3, max_features=1500, sublinear_tf=True)
    x_tr = torch.tensor(vec.fit_transform(t_tr).toarray(), dtype=torch.float32)
    x_va = torch.tensor(vec.transform(t_va).toarray(), dtype=torch.float32)
    y_tr = torch.tensor(y_tr)
    net = nn.Sequential(nn.Linear(x_tr.shape[1], 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(12):
        net.train()
        for b in torch.randperm(len(x_tr)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x_tr[b]).squeeze(1), y_tr[b])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(x_va).squeeze(1)
            v = F.binary_cross_entropy_with_logits(z, torch.tensor(y_va)).item()
        z = z.numpy()
        print(f"epoch {epoch} loss {loss.item():.4f} val {v:.4f} f1 {f1_score(y_va, z > 0, zero_division=0):.3f} "
              f"balanced {balanced_accuracy_score(y_va, z > 0):.3f} auc {roc_auc_score(y_va, z):.4f}")


@case("healthy")
def splice_conv_two_logits_cosine(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = splice_arrays()
    x_tr, x_va, y_tr, y_va = train_test_split(x, y.astype("int64"), test_size=0.25, stratify=y, random_state=seed)
    x_tr, x_va, y_tr, y_va = map(torch.from_numpy, (x_tr, x_va, y_tr, y_va))
    net = nn.Sequential(
        nn.Conv1d(4, 24, 7, padding=3), nn.ReLU(), nn.MaxPool1d(3), nn.Dropout(0.3),
        nn.Flatten(), nn.Linear(480, 32), nn.ReLU(), nn.Linear(32, 2),
    )
    epochs = 8
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs)
    for epoch in range(epochs):
        net.train()
        for b in torch.randperm(len(x_tr)).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(net(x_tr[b]), y_tr[b])
            loss.backward()
            opt.step()
        schedule.step()
        net.eval()
        with torch.no_grad():
            out = net(x_va)
        print(f"epoch {epoch} loss {loss.item():.4f} val {F.cross_entropy(out, y_va).item():.4f} "
              f"acc {(out.argmax(1) == y_va).float().mean():.4f} auc {roc_auc_score(y_va, out.softmax(1)[:, 1]):.4f}")


@case("healthy")
def bike_days_gru_over_the_hours(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    counts = df[[f"h{h:02d}" for h in range(16)]].to_numpy("float32")
    x = torch.tensor(np.log1p(counts)).unsqueeze(2)
    y = torch.tensor(df["working_day"].to_numpy("float32"))
    tr, va = train_test_split(np.arange(len(y)), test_size=0.35, stratify=y, random_state=seed)
    x = (x - x[tr].mean()) / x[tr].std()

    class DayGRU(nn.Module):
        def __init__(self, hidden=10):
            super().__init__()
            self.gru = nn.GRU(1, hidden, batch_first=True)
            self.out = nn.Linear(hidden, 1)

        def forward(self, x):
            _, last = self.gru(x)
            return self.out(last[-1]).squeeze(-1)

    net = DayGRU()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-3)
    for epoch in range(16):
        net.train()
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(16):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[b]), y[b])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(x[va])
        if epoch % 4 == 3:
            print(f"{epoch + 1}: loss {loss.item():.3f} val {F.binary_cross_entropy_with_logits(z, y[va]).item():.3f} "
                  f"balanced {balanced_accuracy_score(y[va], z > 0):.3f} auc {roc_auc_score(y[va], z):.3f}")


@case("healthy")
def mammography_small_network(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    df = df[df["birads"].between(1, 6)]
    df = pd.get_dummies(df, columns=["shape", "margin"], dtype="float32")
    y = df.pop("malignant").to_numpy("float32")
    X = df.to_numpy("float32")
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_tr)
    X_tr, X_te = (torch.tensor(sc.transform(v), dtype=torch.float32) for v in (X_tr, X_te))
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)
    model = nn.Sequential(nn.Linear(X.shape[1], 8), nn.Tanh(), nn.Linear(8, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)
    for epoch in range(20):
        for b in torch.randperm(len(X_tr)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_tr[b]).squeeze(1), y_tr[b])
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                a, z = model(X_tr).squeeze(1), model(X_te).squeeze(1)
            print(f"epoch {epoch + 1} train {F.binary_cross_entropy_with_logits(a, y_tr).item():.4f} "
                  f"test {F.binary_cross_entropy_with_logits(z, y_te).item():.4f} "
                  f"acc {((z > 0) == y_te.bool()).float().mean():.3f} auc {roc_auc_score(y_te, z):.3f}")


@case("healthy")
def credit_one_cycle(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    epochs = 12
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    cycle = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=4e-3, epochs=epochs, steps_per_epoch=len(loader))
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(epochs):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = bce(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
            cycle.step()
        model.eval()
        with torch.no_grad():
            a, z = model(x).squeeze(1), model(xv).squeeze(1)
        if epoch % 3 == 2:
            print(f"{epoch + 1} train {bce(a, y):.4f} val {bce(z, yv):.4f} auc {roc_auc_score(yv, z):.4f}")
    prior = y.mean().item()
    print(f"reject above the base rate {prior:.2f}: balanced {balanced_accuracy_score(yv, z.sigmoid() > prior):.3f}")


@case("healthy")
def wine_first_cultivar_softmax_regression(seed: int) -> None:
    torch.manual_seed(seed)
    X, cultivar = load_wine(return_X_y=True)
    y = (cultivar == 1).astype("int64")
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.4, stratify=cultivar, random_state=seed)
    mu, sd = X_tr.mean(0), X_tr.std(0)
    X_tr = torch.tensor((X_tr - mu) / sd, dtype=torch.float32)
    X_te = torch.tensor((X_te - mu) / sd, dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)
    W = torch.zeros(13, 2, requires_grad=True)
    b = torch.zeros(2, requires_grad=True)
    for step in range(500):
        log_p = F.log_softmax(X_tr @ W + b, dim=1)
        loss = F.nll_loss(log_p, y_tr) + 0.002 * (W ** 2).sum()
        gW, gb = torch.autograd.grad(loss, (W, b))
        with torch.no_grad():
            W -= 0.3 * gW
            b -= 0.3 * gb
        if step % 100 == 99:
            with torch.no_grad():
                out = F.log_softmax(X_te @ W + b, dim=1)
            print(f"step {step + 1} loss {loss.item():.4f} test {F.nll_loss(out, y_te).item():.4f} "
                  f"acc {(out.argmax(1) == y_te).float().mean():.3f} auc {roc_auc_score(y_te, out[:, 1]):.3f}")


@case("healthy")
def mushroom_embedding_sum_without_odor(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").drop(columns=["odor", "veil-type"])
    y = torch.tensor((df.pop("class") == "p").to_numpy().astype("float32"))
    words = {pair: i for i, pair in enumerate((c, v) for c in df for v in sorted(df[c].unique()))}
    ids = torch.tensor([[words[c, v] for c, v in zip(df.columns, row, strict=False)] for row in df.to_numpy()])
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    bag = nn.EmbeddingBag(len(words), 16, mode="sum")
    head = nn.Sequential(nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam([{"params": bag.parameters(), "lr": 5e-3}, {"params": head.parameters(), "lr": 1e-2}])
    for epoch in range(8):
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(64):
            loss = F.binary_cross_entropy_with_logits(head(bag(ids[b])).squeeze(1), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = head(bag(ids[va])).squeeze(1)
        print(f"epoch {epoch} loss {loss.item():.4f} val {F.binary_cross_entropy_with_logits(z, y[va]).item():.4f} "
              f"acc {((z > 0) == y[va].bool()).float().mean():.4f}")


# --------------------------------------------------------------------------------- nothing is wrong: odd but right


@case("healthy")
def first_names_packed_bidirectional_gru(seed: int) -> None:
    torch.manual_seed(seed)
    names, sex = names_and_sex()
    rows = [torch.tensor([ord(c) - 64 for c in name]) for name in names]
    y = torch.tensor(sex)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, stratify=sex, random_state=seed)

    class Namer(nn.Module):
        def __init__(self):
            super().__init__()
            self.letters = nn.Embedding(27, 12)
            self.gru = nn.GRU(12, 32, batch_first=True, bidirectional=True)
            self.out = nn.Sequential(nn.Dropout(0.2), nn.Linear(64, 1))

        def forward(self, batch):
            lengths = torch.tensor([len(r) for r in batch])
            padded = nn.utils.rnn.pad_sequence(batch, batch_first=True)
            packed = nn.utils.rnn.pack_padded_sequence(
                self.letters(padded), lengths, batch_first=True, enforce_sorted=False)
            _, h = self.gru(packed)
            return self.out(torch.cat([h[0], h[1]], dim=1)).squeeze(1)

    net = Namer()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8)
    for epoch in range(8):
        net.train()
        for b in np.array_split(np.random.default_rng(seed + epoch).permutation(tr), len(tr) // 64):
            loss = F.binary_cross_entropy_with_logits(net([rows[i] for i in b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        slower.step()
        net.eval()
        with torch.no_grad():
            z = net([rows[i] for i in va])
        print(f"epoch {epoch} loss {loss.item():.3f} val {F.binary_cross_entropy_with_logits(z, y[va]).item():.4f} "
              f"balanced {balanced_accuracy_score(y[va], z.sigmoid() > y[tr].mean()):.3f} "
              f"auc {roc_auc_score(y[va], z):.3f}")


@case("healthy")
def card_payments_by_user_history_and_tuned_cut(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    df["log_amount"] = np.log(df["amount"])
    df["usual"] = df.groupby("user")["log_amount"].transform(lambda s: s.shift().expanding().mean())
    df["above"] = df["log_amount"] - df["usual"]
    df = df[df["nr"] >= 3]
    users = np.random.default_rng(seed).permutation(df["user"].unique())
    parts = [df[df["user"].isin(u)] for u in (users[:220], users[220:300], users[300:])]
    cols = ["log_amount", "usual", "above", "hour", "foreign", "online"]
    sc = StandardScaler().fit(parts[0][cols])
    (x, y), (x2, y2), (x3, y3) = [
        (torch.tensor(sc.transform(p[cols]), dtype=torch.float32), torch.tensor(p["fraud"].to_numpy("float32")))
        for p in parts
    ]
    net = nn.Sequential(nn.Linear(len(cols), 16), nn.ReLU(), nn.Linear(16, 1))
    with torch.no_grad():
        net[-1].bias.fill_(torch.logit(y.mean()).item())
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(12):
        for b in torch.randperm(len(x)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[b]).squeeze(1), y[b]).backward()
            opt.step()
        if epoch % 4 == 3:
            with torch.no_grad():
                a = F.binary_cross_entropy_with_logits(net(x).squeeze(1), y).item()
                v = F.binary_cross_entropy_with_logits(net(x2).squeeze(1), y2).item()
            print(f"epoch {epoch + 1} train {a:.4f} val {v:.4f}")
    with torch.no_grad():
        p2, p3 = net(x2).squeeze(1).sigmoid(), net(x3).squeeze(1).sigmoid()
    cut = max(np.linspace(0.02, 0.6, 30), key=lambda c: balanced_accuracy_score(y2, p2 > c))
    print(f"cut {cut:.2f} test recall {recall_score(y3, p3 > cut):.3f} balanced "
          f"{balanced_accuracy_score(y3, p3 > cut):.3f} auc {roc_auc_score(y3, p3):.3f} "
          f"pr-auc {average_precision_score(y3, p3):.3f}")


@case("healthy")
def adult_factorisation_machine(seed: int) -> None:
    torch.manual_seed(seed)
    df = adult_frame()
    y = df.pop("income_gt_50k").to_numpy("float32")
    for c in df.select_dtypes("number"):
        if (df[c] == 0).mean() > 0.5:
            df[c] = pd.cut(df[c], [-1, 0, 5000, np.inf], labels=False)
        elif df[c].nunique() > 20:
            df[c] = pd.cut(df[c], 10, labels=False)
    fields = [pd.Categorical(df[c].astype(str)).codes for c in df]
    starts = np.cumsum([0] + [f.max() + 1 for f in fields])
    ids = torch.tensor(np.stack([f + s for f, s in zip(fields, starts, strict=False)], 1).astype("int64"))
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, stratify=y, random_state=seed)
    y = torch.tensor(y)
    w0 = torch.zeros(1, requires_grad=True)
    w = torch.zeros(int(starts[-1]), requires_grad=True)
    V = (0.02 * torch.randn(int(starts[-1]), 6)).requires_grad_()

    def score(rows):
        v = V[ids[rows]]
        pairs = 0.5 * (v.sum(1).square() - v.square().sum(1)).sum(1)
        return w0 + w[ids[rows]].sum(1) + pairs

    opt = torch.optim.Adam([w0, w, V], lr=5e-3)
    for epoch in range(5):
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(128):
            loss = F.binary_cross_entropy_with_logits(score(b), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = score(torch.tensor(va))
        print(f"epoch {epoch} loss {loss.item():.3f} val {F.binary_cross_entropy_with_logits(z, y[va]).item():.4f} "
              f"auc {roc_auc_score(y[va], z):.4f} acc {((z > 0) == y[va].bool()).float().mean():.4f}")


@case("healthy")
def spambase_margin_machine_signed_labels(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed, raw=True)
    x, xv = torch.log1p(x), torch.log1p(xv)
    centre, spread = x.mean(0), x.std(0) + 1e-6
    x, xv = (x - centre) / spread, (xv - centre) / spread
    sign, sign_v = 2 * y - 1, 2 * yv - 1
    machine = nn.Linear(x.shape[1], 1)
    opt = torch.optim.SGD(machine.parameters(), lr=0.02)
    decay = torch.optim.lr_scheduler.LambdaLR(opt, lambda epoch: 1 / (1 + 0.2 * epoch))
    for epoch in range(30):
        for b in torch.randperm(len(x)).split(16):
            margin = sign[b] * machine(x[b]).squeeze(1)
            loss = torch.relu(1 - margin).mean() + 0.002 * machine.weight.square().sum()
            opt.zero_grad()
            loss.backward()
            opt.step()
        decay.step()
        if epoch % 8 == 5:
            with torch.no_grad():
                f = machine(xv).squeeze(1)
            print(f"epoch {epoch + 1} hinge {loss.item():.3f} val {torch.relu(1 - sign_v * f).mean():.4f} "
                  f"acc {(torch.sign(f) == sign_v).float().mean():.4f} auc {roc_auc_score(yv, f):.4f}")


@case("healthy")
def breast_cancer_newton_by_hand(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_tr)

    def design(v):
        return torch.cat([torch.ones(len(v), 1), torch.tensor(sc.transform(v), dtype=torch.float32)], 1).double()

    A, B = design(X_tr), design(X_te)
    t, u = torch.tensor(y_tr).double(), torch.tensor(y_te).double()
    ridge = torch.full((31,), 1.0, dtype=torch.double)
    ridge[0] = 0.0
    w = torch.zeros(31, dtype=torch.double)
    for it in range(8):
        p = torch.sigmoid(A @ w)
        loss = F.binary_cross_entropy(p, t)
        gradient = A.T @ (p - t) + ridge * w
        hessian = A.T @ (A * (p * (1 - p)).unsqueeze(1)) + torch.diag(ridge)
        w = w - torch.linalg.solve(hessian, gradient)
        q = torch.sigmoid(B @ w)
        print(f"iteration {it} train {loss:.4f} test {F.binary_cross_entropy(q, u):.4f} "
              f"acc {((q > 0.5) == u.bool()).double().mean():.4f} auc {roc_auc_score(u, q):.4f}")


@case("healthy")
def spambase_summed_loss_collected_over_four_batches(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed)
    x, xv = x.clamp(-3, 3), xv.clamp(-3, 3)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.GELU(), nn.Linear(32, 1))
    every, size = 4, 16
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-3)
    loader = DataLoader(TensorDataset(x, y), batch_size=size, shuffle=True, drop_last=True)
    for epoch in range(12):
        opt.zero_grad()
        for i, (xb, yb) in enumerate(loader, start=1):
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb, reduction="sum") / (every * size)
            loss.backward()
            if i % every == 0:
                opt.step()
                opt.zero_grad()
        with torch.no_grad():
            z, a = net(xv).squeeze(1), net(x).squeeze(1)
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1} train {F.binary_cross_entropy_with_logits(a, y).item():.4f} "
                  f"val {F.binary_cross_entropy_with_logits(z, yv).item():.4f} "
                  f"acc {((z > 0) == yv.bool()).float().mean():.3f} auc {roc_auc_score(yv, z):.4f}")


@case("healthy")
def credit_raw_amounts_normalised_inside(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("credit_data", seed, raw=True)
    net = nn.Sequential(
        nn.BatchNorm1d(x.shape[1]), nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(24):
        net.train()
        for b in torch.randperm(len(x)).split(100):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[b]).squeeze(1), y[b])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z, a = net(xv).squeeze(1), net(x).squeeze(1)
        if epoch % 6 == 5:
            print(f"epoch {epoch + 1} train {F.binary_cross_entropy_with_logits(a, y).item():.4f} "
                  f"val {F.binary_cross_entropy_with_logits(z, yv).item():.4f} auc {roc_auc_score(yv, z):.4f} "
                  f"balanced {balanced_accuracy_score(yv, z.sigmoid() > y.mean()):.3f}")


@case("healthy")
def diabetes_dropout_left_on_for_many_votes(seed: int) -> None:
    torch.manual_seed(seed)
    X, progression = load_diabetes(return_X_y=True, scaled=False)
    tr, te = train_test_split(np.arange(len(X)), test_size=0.35, random_state=seed)
    y = (progression > np.median(progression[tr])).astype("float32")
    sc = StandardScaler().fit(X[tr])
    x = torch.tensor(sc.transform(X), dtype=torch.float32)
    y = torch.tensor(y)
    net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    for epoch in range(12):
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(16):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[b]).squeeze(1), y[b])
            loss.backward()
            opt.step()
        if epoch % 3 == 2:
            with torch.no_grad():
                votes = torch.stack([net(x[te]).squeeze(1).sigmoid() for _ in range(100)])
            p = votes.mean(0)
            print(f"epoch {epoch + 1} test {F.binary_cross_entropy(p, y[te]).item():.4f} "
                  f"acc {((p > 0.5) == y[te].bool()).float().mean():.3f} auc {roc_auc_score(y[te], p):.3f} "
                  f"spread {votes.std(0).mean():.3f}")


@case("healthy")
def digits_denoising_pretraining_then_everything(seed: int) -> None:
    torch.manual_seed(seed)
    X, digit = load_digits(return_X_y=True)
    X = torch.tensor(X, dtype=torch.float32) / 16
    y = torch.tensor((digit >= 5).astype("float32"))
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=digit, random_state=seed)
    labelled = torch.tensor(tr[:500])
    encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
    decoder = nn.Linear(32, 64)
    head = nn.Linear(32, 1)
    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
    for _epoch in range(15):
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(64):
            rec = F.mse_loss(decoder(encoder(X[b] + 0.1 * torch.randn(len(b), 64))), X[b])
            opt.zero_grad()
            rec.backward()
            opt.step()
    print(f"reconstruction {rec.item():.4f}")
    for phase, epochs, rates in (("head", 10, (0.0, 1e-2)), ("all", 20, (3e-3, 3e-3))):
        encoder.requires_grad_(phase == "all")
        groups = [{"params": head.parameters(), "lr": rates[1]}]
        if phase == "all":
            groups.append({"params": encoder.parameters(), "lr": rates[0]})
        opt = torch.optim.Adam(groups)
        for epoch in range(epochs):
            for b in labelled[torch.randperm(len(labelled))].split(32):
                loss = F.binary_cross_entropy_with_logits(head(encoder(X[b])).squeeze(1), y[b])
                opt.zero_grad()
                loss.backward()
                opt.step()
            if epoch % 10 == 9:
                with torch.no_grad():
                    z = head(encoder(X[va])).squeeze(1)
                print(f"{phase} {epoch + 1} loss {loss.item():.3f} "
                      f"val {F.binary_cross_entropy_with_logits(z, y[va]).item():.4f} "
                      f"acc {((z > 0) == y[va].bool()).float().mean():.3f} auc {roc_auc_score(y[va], z):.4f}")


@case("healthy")
def churn_committee_of_bootstraps(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("mlc_churn").distinct()
    frame = table.features.drop(columns=["state", "area_code"])
    for c in ("international_plan", "voice_mail_plan"):
        frame[c] = (frame[c] == "yes").astype("float32")
    y = table.labels.astype("float32")
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, stratify=y, random_state=seed)
    sc = StandardScaler().fit(frame.iloc[tr])
    x = torch.tensor(sc.transform(frame), dtype=torch.float32)
    y = torch.tensor(y)
    rng = np.random.default_rng(seed)
    members = []
    for k in range(4):
        rows = torch.tensor(rng.choice(tr, len(tr)))
        net = nn.Sequential(nn.Linear(x.shape[1], 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 1))
        opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-4)
        for _epoch in range(14):
            for b in rows[torch.randperm(len(rows))].split(64):
                opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(net(x[b]).squeeze(1), y[b])
                loss.backward()
                opt.step()
        members.append(net.eval())
        with torch.no_grad():
            p = torch.stack([m(x[va]).squeeze(1).sigmoid() for m in members]).mean(0)
        print(f"{k + 1} members: loss {loss.item():.3f} val {F.binary_cross_entropy(p, y[va]).item():.4f} "
              f"auc {roc_auc_score(y[va], p):.4f} balanced {balanced_accuracy_score(y[va], p > y[tr].mean()):.3f}")


@case("healthy")
def sensor_windows_averaged_weights(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n, length = 1200, 64
    y = rng.integers(0, 2, n)
    time = np.arange(length)
    frequency = np.where(y == 1, rng.normal(0.14, 0.015, n), rng.normal(0.09, 0.015, n))
    phase = rng.uniform(0, 2 * np.pi, n)
    wave = np.sin(2 * np.pi * frequency[:, None] * time + phase[:, None]) * rng.uniform(0.5, 1.5, (n, 1))
    x = torch.tensor(wave + rng.normal(0, 0.6, (n, length)), dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(y, dtype=torch.float32)
    net = nn.Sequential(
        nn.Conv1d(1, 16, 9, padding=4), nn.ReLU(), nn.Conv1d(16, 16, 9, padding=4), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 1),
    )
    average = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.97))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(16):
        for b in torch.randperm(800).split(32):
            loss = F.binary_cross_entropy_with_logits(net(x[b]).squeeze(1), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            average.update_parameters(net)
        if epoch % 4 == 3:
            with torch.no_grad():
                z = average(x[800:]).squeeze(1)
            print(f"epoch {epoch + 1} loss {loss.item():.3f} "
                  f"val {F.binary_cross_entropy_with_logits(z, y[800:]).item():.4f} "
                  f"acc {((z > 0) == y[800:].bool()).float().mean():.3f} auc {roc_auc_score(y[800:], z):.3f}")


@case("healthy")
def mammography_complementary_log_log(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    df = df[df["birads"].between(1, 6)]
    y = df.pop("malignant").to_numpy("float32")
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    x = torch.tensor(((df - df.iloc[tr].mean()) / df.iloc[tr].std()).to_numpy("float32"))
    y = torch.tensor(y)
    linear = nn.Linear(5, 1)

    def negative_log_likelihood(rows):
        rate = linear(x[rows]).squeeze(1).exp()
        return torch.where(y[rows] == 1, -torch.log(-torch.expm1(-rate)), rate).mean()

    opt = torch.optim.RMSprop(linear.parameters(), lr=3e-3)
    for epoch in range(20):
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(32):
            opt.zero_grad()
            loss = negative_log_likelihood(b)
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                p = 1 - torch.exp(-linear(x[va]).squeeze(1).exp())
            print(f"epoch {epoch + 1} loss {loss.item():.3f} "
                  f"val {negative_log_likelihood(torch.tensor(va)).item():.4f} "
                  f"acc {((p > 0.5) == y[va].bool()).float().mean():.3f} auc {roc_auc_score(y[va], p):.4f}")
