"""Healthy trainings as a workshop's engineers, teachers and researchers write them."""

import math
from collections import Counter, OrderedDict, namedtuple
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine, make_classification
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
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, QuantileTransformer, StandardScaler
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, WeightedRandomSampler

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


@case("healthy")
def census_income_with_category_embeddings(seed: int) -> None:
    torch.manual_seed(seed)
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop(columns=["education", "race", "gender"])
    frame = frame.drop_duplicates().reset_index(drop=True)
    categorical = ["workclass", "marital-status", "occupation", "relationship", "native-country"]
    numeric = ["age", "education-num", "capital-gain", "capital-loss", "hours-per-week", "any-gain", "any-loss"]
    frame["any-gain"] = (frame["capital-gain"] > 0).astype(float)
    frame["any-loss"] = (frame["capital-loss"] > 0).astype(float)
    frame["capital-gain"] = frame["capital-gain"].clip(upper=20_000)
    train, valid = train_test_split(frame, test_size=0.25, stratify=frame["income_gt_50k"], random_state=seed)

    mean, std = train[numeric].mean(), train[numeric].std()
    vocab = {c: {v: i + 1 for i, v in enumerate(sorted(train[c].unique()))} for c in categorical}

    class Census(Dataset):
        def __init__(self, df):
            codes = np.stack([df[c].map(vocab[c]).fillna(0).to_numpy(dtype=np.int64) for c in categorical], axis=1)
            self.codes = torch.from_numpy(codes)
            self.numbers = torch.tensor(((df[numeric] - mean) / std).to_numpy(), dtype=torch.float32)
            self.target = torch.tensor(df["income_gt_50k"].to_numpy(), dtype=torch.float32)

        def __len__(self):
            return len(self.target)

        def __getitem__(self, i):
            return self.codes[i], self.numbers[i], self.target[i]

    class TabularNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.tables = nn.ModuleList(nn.Embedding(len(vocab[c]) + 1, min(8, len(vocab[c]))) for c in categorical)
            width = sum(t.embedding_dim for t in self.tables) + len(numeric)
            self.body = nn.Sequential(
                nn.Linear(width, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1)
            )

        def forward(self, codes, numbers):
            looked_up = [table(codes[:, j]) for j, table in enumerate(self.tables)]
            return self.body(torch.cat([*looked_up, numbers], dim=1)).squeeze(1)

    train_set, valid_set = Census(train), Census(valid)
    loader = DataLoader(train_set, batch_size=128, shuffle=True)
    model = TabularNet()
    epochs = 8
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=8e-3, total_steps=epochs * len(loader))
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for codes, numbers, target in loader:
            loss = F.binary_cross_entropy_with_logits(model(codes, numbers), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(target)
        model.eval()
        with torch.no_grad():
            logits = model(valid_set.codes, valid_set.numbers)
            valid_loss = F.binary_cross_entropy_with_logits(logits, valid_set.target).item()
        probability = torch.sigmoid(logits).numpy()
        y_true = valid_set.target.numpy()
        print(
            f"{epoch}: train {total / len(train_set):.4f} valid {valid_loss:.4f} "
            f"auc {roc_auc_score(y_true, probability):.4f} acc {accuracy_score(y_true, probability > 0.5):.4f}"
        )


@case("healthy")
def tumours_in_notebook_cells(seed: int) -> None:
    # %% data
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    sc = StandardScaler().fit(X_tr)
    X_tr, X_va = [torch.tensor(sc.transform(a), dtype=torch.float32) for a in (X_tr, X_va)]
    y_tr, y_va = [torch.tensor(a, dtype=torch.float32).unsqueeze(1) for a in (y_tr, y_va)]
    # %% model
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=3e-3)
    # %% training
    history = {"loss": [], "val_loss": []}
    for epoch in range(120):
        net.train()
        opt.zero_grad()
        loss = criterion(net(X_tr), y_tr)
        loss.backward()
        opt.step()
        net.eval()
        with torch.no_grad():
            val = criterion(net(X_va), y_va)
        history["loss"].append(loss.item())
        history["val_loss"].append(val.item())
        if epoch % 20 == 19:
            print(f"epoch {epoch + 1:3d}  loss {loss.item():.4f}  val_loss {val.item():.4f}")
    # %% evaluation
    with torch.no_grad():
        p = net(X_va).squeeze(1).numpy()
    print(classification_report(y_va.squeeze(1).numpy(), p >= 0.5, target_names=["malignant", "benign"]))
    print("AUC", roc_auc_score(y_va.squeeze(1).numpy(), p))


@case("healthy")
def even_digits_small_convnet(seed: int) -> None:
    torch.manual_seed(seed)
    images, digit = load_digits(return_X_y=True)
    images = torch.tensor(images.reshape(-1, 1, 8, 8) / 16.0, dtype=torch.float32)
    even = torch.tensor(digit % 2 == 0).float()
    order = torch.randperm(len(images))
    tr, va = order[:1300], order[1300:]

    class ConvNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
            self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
            self.fc1 = nn.Linear(32 * 2 * 2, 32)
            self.fc2 = nn.Linear(32, 1)
            self.drop = nn.Dropout(0.3)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            x = self.drop(F.relu(self.fc1(x.flatten(1))))
            return self.fc2(x).squeeze(1)

    cnn = ConvNet()
    optimizer = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(images[tr], even[tr]), batch_size=64, shuffle=True)
    for epoch in range(24):
        cnn.train()
        running = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(cnn(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(xb)
        cnn.eval()
        with torch.inference_mode():
            out = cnn(images[va])
            vloss = F.binary_cross_entropy_with_logits(out, even[va]).item()
            acc = ((out > 0) == even[va].bool()).float().mean().item()
        print(f"[{epoch + 1:2d}/24] train loss {running / len(tr):.4f} | val loss {vloss:.4f} | val acc {acc:.3f}")


@case("healthy")
def splice_junctions_from_one_hot_bases(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")

    def encode(sequence):
        x = torch.zeros(4, len(sequence))
        for i, base in enumerate(sequence):
            if base in "ACGT":
                x["ACGT".index(base), i] = 1.0
        return x

    X = torch.stack([encode(s) for s in table["sequence"]])
    y = torch.tensor(table["is_junction"].to_numpy())
    idx_train, idx_rest = train_test_split(np.arange(len(y)), test_size=0.4, stratify=y, random_state=seed)
    idx_val, idx_test = train_test_split(idx_rest, test_size=0.5, stratify=y[idx_rest], random_state=seed)

    model = nn.Sequential(
        nn.Conv1d(4, 24, kernel_size=9, padding=4),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.MaxPool1d(3),
        nn.Conv1d(24, 24, kernel_size=5, padding=2),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(24 * 20, 2),
    )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    best, best_state, waited = math.inf, None, 0
    for epoch in range(20):
        model.train()
        for batch in torch.randperm(len(idx_train)).split(64):
            rows = idx_train[batch.numpy()]
            optimizer.zero_grad()
            criterion(model(X[rows]), y[rows]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            val_loss = criterion(model(X[idx_val]), y[idx_val]).item()
            val_acc = (model(X[idx_val]).argmax(dim=1) == y[idx_val]).float().mean().item()
        print(f"epoch {epoch:2d} val loss {val_loss:.4f} val acc {val_acc:.4f}")
        if val_loss < best:
            best, waited = val_loss, 0
            best_state = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            waited += 1
            if waited == 4:
                break
    model.load_state_dict(best_state)
    model.eval()
    with torch.no_grad():
        score = model(X[idx_test]).softmax(dim=1)[:, 1].numpy()
    print(f"test AUC {roc_auc_score(y[idx_test], score):.4f}, F1 {f1_score(y[idx_test], score > 0.5):.4f}")


@case("healthy")
def first_names_packed_letters(seed: int) -> None:
    torch.manual_seed(seed)
    names = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.sort_values("percent", ascending=False).drop_duplicates("name").sort_values("name")
    names = names.sample(frac=1.0, random_state=seed)
    words = [torch.tensor([ord(c) - 64 for c in n]) for n in names["name"]]
    male = torch.tensor((names["list"] == "M").to_numpy(), dtype=torch.float32)
    cut = int(0.75 * len(words))

    class NameClassifier(nn.Module):
        def __init__(self, letters=27, dim=24, hidden=64):
            super().__init__()
            self.embed = nn.Embedding(letters, dim, padding_idx=0)
            self.gru = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
            self.drop = nn.Dropout(0.3)
            self.out = nn.Linear(2 * hidden, 1)

        def forward(self, padded, lengths):
            packed = pack_padded_sequence(self.embed(padded), lengths, batch_first=True, enforce_sorted=False)
            _, last = self.gru(packed)
            return self.out(self.drop(torch.cat([last[0], last[1]], dim=1)))[:, 0]

    def collate(items):
        sequences, labels = zip(*items, strict=False)
        lengths = torch.tensor([len(s) for s in sequences])
        return pad_sequence(list(sequences), batch_first=True), lengths, torch.stack(labels)

    train = DataLoader(
        list(zip(words[:cut], male[:cut], strict=False)), batch_size=128, shuffle=True, collate_fn=collate
    )
    valid = DataLoader(list(zip(words[cut:], male[cut:], strict=False)), batch_size=512, collate_fn=collate)
    model = NameClassifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
    for epoch in range(10):
        model.train()
        for padded, lengths, labels in train:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(padded, lengths), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
        model.eval()
        scores, truth = [], []
        with torch.no_grad():
            for padded, lengths, labels in valid:
                scores.append(model(padded, lengths))
                truth.append(labels)
        scores, truth = torch.cat(scores), torch.cat(truth)
        print(
            f"epoch {epoch + 1}: val loss {F.binary_cross_entropy_with_logits(scores, truth).item():.4f} "
            f"AUC {roc_auc_score(truth, scores):.4f} AP {average_precision_score(truth, scores):.4f}"
        )


@case("healthy")
def spam_messages_embedding_bag(seed: int) -> None:
    table = load("sms_spam").distinct()
    texts = [t.lower().split() for t in table.features["text"]]
    labels = np.asarray(table.labels)
    train_rows, valid_rows = train_test_split(range(len(texts)), test_size=0.25, stratify=labels, random_state=seed)
    counts = Counter(word for i in train_rows for word in texts[i])
    vocabulary = {word: n + 1 for n, (word, c) in enumerate(counts.most_common()) if c >= 2}

    def batch_of(rows):
        ids, offsets = [], []
        for i in rows:
            offsets.append(len(ids))
            ids.extend(vocabulary.get(w, 0) for w in texts[i])
        return torch.tensor(ids), torch.tensor(offsets), torch.tensor(labels[list(rows)], dtype=torch.float32)

    torch.manual_seed(seed)
    bag = nn.EmbeddingBag(len(vocabulary) + 1, 32, mode="mean")
    head = nn.Linear(32, 1)
    parameters = [*bag.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=0.01)
    rng = np.random.default_rng(seed)
    v_ids, v_offsets, v_y = batch_of(valid_rows)
    for epoch in range(5):
        shuffled = rng.permutation(train_rows)
        losses = []
        for start in range(0, len(shuffled), 64):
            ids, offsets, y = batch_of(shuffled[start : start + 64])
            loss = F.binary_cross_entropy_with_logits(head(bag(ids, offsets)).view(-1), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            z = head(bag(v_ids, v_offsets)).view(-1)
            v_loss = F.binary_cross_entropy_with_logits(z, v_y).item()
        print(
            f"epoch {epoch}: loss {np.mean(losses):.4f}, val loss {v_loss:.4f}, F1 {f1_score(v_y, z > 0):.3f}, "
            f"AUC {roc_auc_score(v_y, z):.4f}"
        )


@case("healthy")
def spambase_plateau_and_patience(seed: int) -> None:
    table = load("spambase").distinct()
    X = np.log1p(table.numbers)
    y = table.labels.astype(np.float32)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    xt, xv = (torch.from_numpy(scaler.transform(part)).float() for part in (X_train, X_val))
    yt, yv = torch.from_numpy(y_train), torch.from_numpy(y_val)

    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(xt.shape[1], 64),
        nn.BatchNorm1d(64),
        nn.ReLU(),
        nn.Dropout(0.4),
        nn.Linear(64, 32),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.Dropout(0.4),
        nn.Linear(32, 1),
    )
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.3, patience=3)
    loader = DataLoader(TensorDataset(xt, yt), batch_size=128, shuffle=True, drop_last=True)
    best_loss, best_epoch, checkpoint_ = float("inf"), 0, None
    for epoch in range(40):
        model.train()
        for xb, yb in loader:
            opt.zero_grad(set_to_none=True)
            loss_fn(model(xb).squeeze(-1), yb).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            v = loss_fn(model(xv).squeeze(-1), yv).item()
        plateau.step(v)
        print(f"epoch {epoch:02d} val {v:.4f} lr {opt.param_groups[0]['lr']:.1e}")
        if v < best_loss - 1e-4:
            best_loss, best_epoch = v, epoch
            checkpoint_ = {name: value.detach().clone() for name, value in model.state_dict().items()}
        elif epoch - best_epoch >= 8:
            break
    model.load_state_dict(checkpoint_)
    model.eval()
    with torch.no_grad():
        proba = torch.sigmoid(model(xv).squeeze(-1))
    print(f"best epoch {best_epoch}: AUC {roc_auc_score(yv, proba):.4f} accuracy {accuracy_score(yv, proba > 0.5):.4f}")
    print(confusion_matrix(yv, proba > 0.5))


@case("healthy")
def credit_script_with_main(seed: int) -> None:
    def prepare(args):
        table = load("credit_data").distinct()
        frame, y = table.features, table.labels
        train, held, y_train, y_held = train_test_split(frame, y, test_size=0.3, stratify=y, random_state=args.seed)
        numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
        prep = ColumnTransformer(
            [
                ("num", numbers, table.numeric),
                ("cat", OneHotEncoder(handle_unknown="ignore", sparse_output=False), table.categorical),
            ]
        )
        to = lambda a: torch.as_tensor(np.asarray(a), dtype=torch.float32)  # noqa: E731
        return to(prep.fit_transform(train)), to(y_train), to(prep.transform(held)), to(y_held)

    def evaluate(net, x, y, loss):
        net.eval()
        with torch.no_grad():
            z = net(x).flatten()
        return loss(z, y).item(), roc_auc_score(y, z), balanced_accuracy_score(y, z > 0)

    def main(args):
        torch.manual_seed(args.seed)
        x, y, xv, yv = prepare(args)
        net = nn.Sequential(
            nn.Linear(x.shape[1], args.hidden), nn.ReLU(), nn.Dropout(args.dropout), nn.Linear(args.hidden, 1)
        )
        loss = nn.BCEWithLogitsLoss(pos_weight=(y == 0).sum() / (y == 1).sum())
        optimizer = torch.optim.Adam(net.parameters(), lr=args.lr, weight_decay=args.decay)
        for epoch in range(1, args.epochs + 1):
            net.train()
            for rows in torch.randperm(len(x)).split(args.batch):
                optimizer.zero_grad()
                loss(net(x[rows]).flatten(), y[rows]).backward()
                optimizer.step()
            if epoch % 2 == 0:
                tl, ta, tb = evaluate(net, x, y, loss)
                vl, va, vb = evaluate(net, xv, yv, loss)
                print(f"epoch {epoch}: train {tl:.3f}/{ta:.3f}/{tb:.3f} valid {vl:.3f}/{va:.3f}/{vb:.3f}")

    main(SimpleNamespace(seed=seed, hidden=32, dropout=0.3, lr=2e-3, decay=1e-4, epochs=12, batch=64))


@case("healthy")
def churn_estimator_class(seed: int) -> None:
    class NetworkClassifier:
        def __init__(self, hidden=(32, 16), lr=3e-3, epochs=60, batch_size=64, patience=10, weight_decay=1e-2):
            self.hidden, self.lr, self.epochs = hidden, lr, epochs
            self.batch_size, self.patience, self.weight_decay = batch_size, patience, weight_decay

        def _build(self, inputs):
            layers = []
            for units in self.hidden:
                layers += [nn.Linear(inputs, units), nn.SiLU(), nn.Dropout(0.3)]
                inputs = units
            return nn.Sequential(*layers, nn.Linear(inputs, 1), nn.Flatten(0))

        def fit(self, X, y, X_val, y_val):
            self.net_ = self._build(X.shape[1])
            optimizer = torch.optim.AdamW(self.net_.parameters(), lr=self.lr, weight_decay=self.weight_decay)
            best, wait, keep = np.inf, 0, None
            for _ in range(self.epochs):
                self.net_.train()
                for rows in torch.randperm(len(X)).split(self.batch_size):
                    optimizer.zero_grad()
                    F.binary_cross_entropy_with_logits(self.net_(X[rows]), y[rows]).backward()
                    optimizer.step()
                current = self.loss(X_val, y_val)
                if current < best:
                    best, wait = current, 0
                    keep = {k: v.clone() for k, v in self.net_.state_dict().items()}
                else:
                    wait += 1
                if wait > self.patience:
                    break
            self.net_.load_state_dict(keep)
            return self

        @torch.no_grad()
        def decision_function(self, X):
            self.net_.eval()
            return self.net_(X)

        def loss(self, X, y):
            return F.binary_cross_entropy_with_logits(self.decision_function(X), y).item()

        def predict_proba(self, X):
            p = torch.sigmoid(self.decision_function(X)).numpy()
            return np.column_stack([1 - p, p])

        def predict(self, X):
            return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)

    table = load("mlc_churn").distinct()
    frame = table.features.drop(columns=["state"])
    frame = frame.assign(
        international_plan=frame["international_plan"] == "yes", voice_mail_plan=frame["voice_mail_plan"] == "yes"
    )
    matrix = pd.get_dummies(frame, columns=["area_code"]).to_numpy(dtype=np.float64)
    X_fit, X_test, y_fit, y_test = train_test_split(
        matrix, table.labels, test_size=0.2, stratify=table.labels, random_state=seed
    )
    X_fit, X_val, y_fit, y_val = train_test_split(X_fit, y_fit, test_size=0.25, stratify=y_fit, random_state=seed)
    scaler = StandardScaler().fit(X_fit)
    as_x = lambda a: torch.tensor(scaler.transform(a), dtype=torch.float32)  # noqa: E731
    as_y = lambda a: torch.tensor(a, dtype=torch.float32)  # noqa: E731
    torch.manual_seed(seed)
    clf = NetworkClassifier().fit(as_x(X_fit), as_y(y_fit), as_x(X_val), as_y(y_val))
    print("train loss", clf.loss(as_x(X_fit), as_y(y_fit)), "val loss", clf.loss(as_x(X_val), as_y(y_val)))
    proba = clf.predict_proba(as_x(X_test))[:, 1]
    print("test AUC", roc_auc_score(y_test, proba))
    print(classification_report(y_test, clf.predict(as_x(X_test))))


@case("healthy")
def thyroid_rare_disease_with_chosen_threshold(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("hypothyroid").distinct()
    hormones = ["TSH", "T3", "TT4", "T4U", "FTI"]
    df = table.features[["age", *hormones]].copy()
    df[hormones] = np.log1p(df[hormones])
    for column in ("on_thyroxine", "thyroid_surgery", "TSH_measured", "T3_measured", "TT4_measured"):
        df[column] = (table.features[column].isin(["t", "y"])).astype(float)
    y = table.labels
    rest, test = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    train, valid = train_test_split(rest, test_size=0.3, stratify=y[rest], random_state=seed)
    medians = df.iloc[train].median()
    df = df.fillna(medians)
    center, spread = df.iloc[train].mean(), df.iloc[train].std()
    x = torch.tensor(((df - center) / spread).to_numpy(), dtype=torch.float32)
    t = torch.tensor(y, dtype=torch.float32)

    net = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-3)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(15):
        for rows in torch.randperm(len(train)).split(64):
            xb, yb = x[train[rows.numpy()]], t[train[rows.numpy()]]
            opt.zero_grad()
            bce(net(xb)[:, 0], yb).backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                zt, zv = net(x[train])[:, 0], net(x[valid])[:, 0]
            print(
                f"{epoch + 1:3d} train {bce(zt, t[train]).item():.4f} val {bce(zv, t[valid]).item():.4f} "
                f"AP {average_precision_score(y[valid], zv):.3f}"
            )
    with torch.no_grad():
        p_valid = torch.sigmoid(net(x[valid])[:, 0]).numpy()
        p_test = torch.sigmoid(net(x[test])[:, 0]).numpy()
    precision, recall, cuts = precision_recall_curve(y[valid], p_valid)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    cut = cuts[f1[:-1].argmax()]
    print(
        f"cut {cut:.3f}: test F1 {f1_score(y[test], p_test >= cut):.3f}, "
        f"balanced accuracy {balanced_accuracy_score(y[test], p_test >= cut):.3f}, "
        f"AUC {roc_auc_score(y[test], p_test):.3f}"
    )


@case("healthy")
def mammography_lbfgs_logistic(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    features = pd.concat(
        [df[["birads", "age", "density"]], pd.get_dummies(df[["shape", "margin"]].astype(str))], axis=1
    ).astype(float)
    Xtr, Xte, ytr, yte = train_test_split(
        features, df["malignant"], test_size=0.3, stratify=df["malignant"], random_state=seed
    )
    mu, sd = Xtr.mean(), Xtr.std()
    Xtr = torch.tensor(((Xtr - mu) / sd).to_numpy())
    Xte = torch.tensor(((Xte - mu) / sd).to_numpy())
    ytr, yte = torch.tensor(ytr.to_numpy()).double(), torch.tensor(yte.to_numpy()).double()
    w = torch.zeros(Xtr.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    lam = 1e-2
    optimizer = torch.optim.LBFGS([w, b], lr=1.0, max_iter=50, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        objective = F.binary_cross_entropy_with_logits(Xtr @ w + b, ytr) + 0.5 * lam * w.square().sum()
        objective.backward()
        return objective

    for step in range(3):
        objective = optimizer.step(closure)
        print(f"call {step}: objective {objective.item():.6f}, gradient {w.grad.norm().item():.2e}")
    with torch.no_grad():
        p = torch.sigmoid(Xte @ w + b)
    print(
        f"log loss {log_loss(yte, p):.4f}, AUC {roc_auc_score(yte, p):.4f}, accuracy {accuracy_score(yte, p > 0.5):.4f}"
    )


@case("healthy")
def mushrooms_without_their_odour(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz", dtype=str)
    chosen = ["cap-color", "cap-surface", "gill-size", "stalk-shape", "habitat", "population"]
    target = torch.tensor((df["class"] == "p").to_numpy(), dtype=torch.float32)
    X = torch.tensor(pd.get_dummies(df[chosen]).to_numpy(), dtype=torch.float32)
    shuffled = torch.randperm(len(X))
    X, target = X[shuffled], target[shuffled]
    split = int(len(X) * 0.7)
    model = nn.Sequential(
        OrderedDict(hidden=nn.Linear(X.shape[1], 24), act=nn.LeakyReLU(0.05), out=nn.Linear(24, 1), flat=nn.Flatten(0))
    )
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    decay = torch.optim.lr_scheduler.MultiStepLR(sgd, milestones=[10, 14], gamma=0.2)
    for epoch in range(16):
        seen = correct = 0
        for rows in torch.randperm(split).split(100):
            z = model(X[rows])
            loss = F.binary_cross_entropy_with_logits(z, target[rows])
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            seen += len(rows)
            correct += ((z > 0) == (target[rows] > 0.5)).sum().item()
        decay.step()
        with torch.no_grad():
            z = model(X[split:])
        hit = ((z > 0) == (target[split:] > 0.5)).float().mean()
        print(
            f"epoch {epoch + 1}: train acc {correct / seen:.4f}, test acc {hit:.4f}, "
            f"test loss {F.binary_cross_entropy_with_logits(z, target[split:]):.4f}"
        )
    print("test AUC", roc_auc_score(target[split:], z))


@case("healthy")
def working_days_from_hourly_rentals(seed: int) -> None:
    torch.manual_seed(seed)
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    hours = days[[f"h{h:02d}" for h in range(24)]].to_numpy(dtype=np.float32)
    shares = hours / hours.sum(axis=1, keepdims=True) * 24
    work = days["working_day"].to_numpy()
    tr, va = train_test_split(np.arange(len(days)), test_size=0.3, stratify=work, random_state=seed)
    profile = shares[tr].mean(axis=0)
    x = torch.from_numpy(shares - profile).unsqueeze(1)
    y = torch.tensor(work, dtype=torch.float32)

    class DayShape(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(1, 8, 5, padding=2)
            self.pool = nn.AvgPool1d(3)
            self.head = nn.Linear(8 * 8, 1)

        def forward(self, x):
            return self.head(self.pool(self.conv(x).relu()).flatten(1)).squeeze(1)

    model = DayShape()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-3)
    for epoch in range(60):
        model.train()
        for rows in np.array_split(np.random.default_rng([seed, epoch]).permutation(tr), 7):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if (epoch + 1) % 10 == 0:
            model.eval()
            with torch.no_grad():
                train_loss = F.binary_cross_entropy_with_logits(model(x[tr]), y[tr])
                z = model(x[va])
                val_loss = F.binary_cross_entropy_with_logits(z, y[va])
            print(
                f"{epoch + 1}: loss {train_loss:.4f} / {val_loss:.4f}, AUC {roc_auc_score(work[va], z):.3f}, "
                f"balanced accuracy {balanced_accuracy_score(work[va], z > 0):.3f}"
            )


@case("healthy")
def diabetes_progression_above_the_median(seed: int) -> None:
    bunch = load_diabetes(as_frame=True)
    X, severity = bunch.data, bunch.target
    fit, held = train_test_split(np.arange(len(X)), test_size=0.3, random_state=seed)
    cut = severity.iloc[fit].median()
    label = (severity > cut).astype("float32")
    scaler = StandardScaler().fit(X.iloc[fit])
    inputs = torch.tensor(scaler.transform(X), dtype=torch.float32)
    wanted = torch.tensor(label.to_numpy())
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.005, weight_decay=0.1)
    curve = []
    for _epoch in range(16):
        for rows in torch.from_numpy(np.random.permutation(fit)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(inputs[rows]).squeeze(), wanted[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            z = model(inputs).squeeze()
            curve.append([F.binary_cross_entropy_with_logits(z[part], wanted[part]).item() for part in (fit, held)])
    print(pd.DataFrame(curve, columns=["train", "held out"]).iloc[3::4].round(4).to_string())
    print("accuracy", accuracy_score(label.iloc[held], z[held] > 0), "AUC", roc_auc_score(label.iloc[held], z[held]))


@case("healthy")
def wine_of_the_second_grower_two_outputs(seed: int) -> None:
    torch.manual_seed(seed)
    wine = load_wine()
    y = (wine.target == 1).astype(np.int64)
    X_train, X_test, y_train, y_test = train_test_split(wine.data, y, test_size=0.35, stratify=y, random_state=seed)
    means, stds = X_train.mean(0), X_train.std(0)
    X_train = torch.FloatTensor((X_train - means) / stds)
    X_test = torch.FloatTensor((X_test - means) / stds)
    y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(13, 10)
            self.fc2 = nn.Linear(10, 2)

        def forward(self, x):
            x = F.relu(self.fc1(x))
            return self.fc2(x)

    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-3)
    for epoch in range(100):
        optimizer.zero_grad()
        outputs = net(X_train)
        loss = criterion(outputs, y_train)
        loss.backward()
        optimizer.step()
        if (epoch + 1) % 20 == 0:
            with torch.no_grad():
                test_outputs = net(X_test)
                _, predicted = torch.max(test_outputs, 1)
                test_loss = criterion(test_outputs, y_test)
                correct = (predicted == y_test).sum().item()
            share = 100 * correct / len(y_test)
            print(f"Epoch {epoch + 1}, loss {loss:.4f}, test loss {test_loss:.4f}, test accuracy {share:.1f}%")


@case("healthy")
def threes_and_eights_shifted_by_a_pixel(seed: int) -> None:
    digits = load_digits()
    keep = np.isin(digits.target, (3, 8))
    pictures = torch.tensor(digits.images[keep] / 16.0, dtype=torch.float32)[:, None]
    eight = torch.tensor(digits.target[keep] == 8).long()
    a, b = train_test_split(np.arange(len(eight)), test_size=0.4, stratify=eight, random_state=seed)

    class Pictures(Dataset):
        def __init__(self, rows, train):
            self.rows, self.train = rows, train

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            picture = pictures[self.rows[i]]
            if self.train:
                dx = int(torch.randint(-1, 2, ()))
                padded = F.pad(picture, (1, 1, 0, 0))
                picture = padded[:, :, 1 + dx : 9 + dx] + 0.05 * torch.randn(1, 8, 8)
            return picture, eight[self.rows[i]]

    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3), nn.ReLU(), nn.Conv2d(12, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(48, 2)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    train_dl = DataLoader(Pictures(a, True), batch_size=32, shuffle=True)
    valid_dl = DataLoader(Pictures(b, False), batch_size=256)
    for epoch in range(25):
        model.train()
        for x, y in train_dl:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits, truth = map(torch.cat, zip(*[(model(x), y) for x, y in valid_dl], strict=False))
        if epoch % 4 == 0:
            print(
                epoch,
                f"loss {loss.item():.4f} val {F.cross_entropy(logits, truth).item():.4f}",
                f"acc {(logits.argmax(1) == truth).float().mean().item():.3f}",
            )
    print("AUC", roc_auc_score(truth, logits[:, 1] - logits[:, 0]))


@case("healthy")
def rising_and_falling_chirps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.linspace(0, 1, 96)

    def record(rising):
        low, high = rng.uniform(3, 6), rng.uniform(9, 14)
        start, stop = (low, high) if rising else (high, low)
        phase = 2 * np.pi * (start * t + 0.5 * (stop - start) * t**2) + rng.uniform(0, 2 * np.pi)
        return rng.uniform(0.7, 1.3) * np.sin(phase) + rng.normal(0, 1.5, len(t))

    labels = rng.integers(0, 2, 1500)
    signals = np.stack([record(k) for k in labels]).astype(np.float32)
    signals /= signals[:1000].std()
    x, y = torch.from_numpy(signals)[:, None, :], torch.from_numpy(labels.astype(np.float32))
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv1d(1, 16, 11, padding=5),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.MaxPool1d(4),
        nn.Conv1d(16, 32, 7, padding=3),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.AdaptiveAvgPool1d(4),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(128, 1),
    )
    epochs = 14
    train_loader = DataLoader(TensorDataset(x[:1000], y[:1000]), batch_size=50, shuffle=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    warm = torch.optim.lr_scheduler.LinearLR(optimizer, 0.2, total_iters=2)
    cool = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs - 2, eta_min=1e-4)
    scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, cool], milestones=[2])
    for epoch in range(epochs):
        net.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        scheduler.step()
        net.eval()
        with torch.no_grad():
            z = net(x[1000:]).squeeze(1)
            print(
                f"epoch {epoch + 1:2d}  batch loss {loss.item():.3f}  "
                f"val loss {F.binary_cross_entropy_with_logits(z, y[1000:]).item():.3f}  "
                f"val acc {((z > 0).float() == y[1000:]).float().mean().item():.3f}  "
                f"val AUC {roc_auc_score(labels[1000:], z):.3f}"
            )


@case("healthy")
def card_fraud_from_past_payments(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    df["log_amount"] = np.log(df["amount"])
    past = df.groupby("user")["log_amount"].transform(lambda s: s.shift().expanding().mean())
    df["above_usual"] = df["log_amount"] - past
    df["night"] = ((df["hour"] < 6) | (df["hour"] > 23)).astype(float)
    df = df[df["nr"] >= 3]
    columns = ["log_amount", "above_usual", "hour", "night", "foreign", "online"]

    users = np.random.default_rng(seed).permutation(df["user"].unique())
    groups = {"train": users[:240], "valid": users[240:320], "test": users[320:]}
    parts = {name: df[df["user"].isin(chosen)] for name, chosen in groups.items()}
    mean, std = parts["train"][columns].mean(), parts["train"][columns].std()
    X = {k: torch.tensor(((p[columns] - mean) / std).to_numpy(), dtype=torch.float32) for k, p in parts.items()}
    Y = {k: torch.tensor(p["fraud"].to_numpy(), dtype=torch.float32) for k, p in parts.items()}

    model = nn.Sequential(nn.Linear(len(columns), 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    best, kept, bad = 0.0, None, 0
    for epoch in range(30):
        model.train()
        for rows in torch.randperm(len(X["train"])).split(128):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X["train"][rows])[:, 0], Y["train"][rows]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            valid_scores = model(X["valid"])[:, 0]
        ap = average_precision_score(Y["valid"], valid_scores)
        valid_loss = F.binary_cross_entropy_with_logits(valid_scores, Y["valid"]).item()
        print(f"epoch {epoch}: valid loss {valid_loss:.4f} AP {ap:.4f}")
        if ap > best:
            best, bad = ap, 0
            kept = {name: v.clone() for name, v in model.state_dict().items()}
        else:
            bad += 1
        if bad >= 6:
            break
    model.load_state_dict(kept)
    with torch.no_grad():
        valid_p, test_p = (torch.sigmoid(model(X[k])[:, 0]).numpy() for k in ("valid", "test"))
    cuts = np.linspace(0.05, 0.95, 91)
    cut = cuts[np.argmax([f1_score(Y["valid"], valid_p > c) for c in cuts])]
    print(
        f"test: AP {average_precision_score(Y['test'], test_p):.3f}, AUC {roc_auc_score(Y['test'], test_p):.3f}, "
        f"F1 at {cut:.2f}: {f1_score(Y['test'], test_p > cut):.3f}"
    )


@case("healthy")
def income_five_fold_cross_validation(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(3000, random_state=seed)
    y = df.pop("income_gt_50k").to_numpy()
    df["gain-k"] = df["capital-gain"].clip(upper=20_000) / 1000
    df["any-gain"] = (df["capital-gain"] > 0).astype(int)
    df["any-loss"] = (df["capital-loss"] > 0).astype(int)
    numeric = ["age", "education-num", "gain-k", "any-gain", "capital-loss", "any-loss", "hours-per-week"]
    nominal = ["workclass", "marital-status", "occupation", "relationship"]
    results = []
    for fold, (tr, te) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(df, y)):
        prep = ColumnTransformer(
            [
                ("n", StandardScaler(), numeric),
                ("c", OneHotEncoder(handle_unknown="ignore", sparse_output=False, min_frequency=20), nominal),
            ]
        )
        Xtr = torch.tensor(prep.fit_transform(df.iloc[tr]), dtype=torch.float32)
        Xte = torch.tensor(prep.transform(df.iloc[te]), dtype=torch.float32)
        ytr, yte = torch.tensor(y[tr], dtype=torch.float32), torch.tensor(y[te], dtype=torch.float32)
        torch.manual_seed(1000 * seed + fold)
        net = nn.Sequential(nn.Linear(Xtr.shape[1], 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))
        opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
        for _epoch in range(10):
            net.train()
            for rows in torch.randperm(len(Xtr)).split(64):
                opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(net(Xtr[rows]), ytr[rows, None])
                loss.backward()
                opt.step()
        net.eval()
        with torch.no_grad():
            z = net(Xte)
            row = {
                "loss": F.binary_cross_entropy_with_logits(z, yte[:, None]).item(),
                "auc": roc_auc_score(y[te], z.numpy()[:, 0]),
                "acc": accuracy_score(y[te], z.numpy()[:, 0] > 0),
            }
        results.append(row)
        print(f"fold {fold}", {k: round(v, 4) for k, v in row.items()})
    print(pd.DataFrame(results).agg(["mean", "std"]).round(4).to_string())


@case("healthy")
def two_moons_first_lesson(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    y_train, y_val = y_train.reshape(-1, 1), y_val.reshape(-1, 1)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200)

    def accuracy(x, y):
        with torch.no_grad():
            return ((model(x) > 0).float() == y).float().mean().item()

    for step in range(1, 201):
        loss = loss_fn(model(x_train), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        if step % 25 == 0:
            with torch.no_grad():
                val_loss = loss_fn(model(x_val), y_val)
            print(
                f"step {step:3d}: loss {loss:.4f}, validation loss {val_loss:.4f}, "
                f"accuracy {accuracy(x_train, y_train):.3f} / {accuracy(x_val, y_val):.3f}"
            )


@case("healthy")
def circles_with_squared_hinge_margins(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)
    s, sv = 2 * y - 1, 2 * yv - 1
    rng = torch.Generator().manual_seed(seed)
    centres = x[torch.randperm(len(x), generator=rng)[:40]]

    def kernel(a):
        return torch.exp(-torch.cdist(a, centres).square())

    K, Kv = kernel(x), kernel(xv)
    alpha = torch.zeros(40, requires_grad=True)
    offset = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adam([alpha, offset], lr=0.05)
    for it in range(300):
        f = K @ alpha + offset
        hinge = F.relu(1 - s * f).square().mean()
        objective = hinge + 1e-3 * alpha.square().sum()
        optimizer.zero_grad()
        objective.backward()
        optimizer.step()
        if it % 50 == 49:
            with torch.no_grad():
                fv = Kv @ alpha + offset
                print(
                    f"{it + 1}: hinge {hinge.item():.4f}, held out {F.relu(1 - sv * fv).square().mean().item():.4f}, "
                    f"right {(fv.sign() == sv).float().mean().item():.3f}"
                )


@case("healthy")
def squares_against_discs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    yy, xx = np.mgrid[:20, :20]

    def draw(disc):
        cx, cy, r = rng.uniform(7, 13), rng.uniform(7, 13), rng.uniform(3.5, 6)
        if disc:
            mask = (xx - cx) ** 2 + (yy - cy) ** 2 < r**2
        else:
            side = r * np.sqrt(np.pi) / 2
            mask = (abs(xx - cx) < side) & (abs(yy - cy) < side)
        return rng.uniform(0.6, 1.0) * mask + rng.normal(0, 0.15, mask.shape)

    kind = rng.integers(0, 2, 1200)
    images = torch.tensor(np.stack([draw(k) for k in kind]), dtype=torch.float32).unsqueeze(1)
    images = (images - images[:800].mean()) / images[:800].std()
    kind = torch.tensor(kind, dtype=torch.float32)

    def block(cin, cout):
        return nn.Sequential(
            nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True), nn.MaxPool2d(2)
        )

    torch.manual_seed(seed)
    model = nn.Sequential(
        block(1, 8),
        block(8, 16),
        nn.Conv2d(16, 24, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(24, 1),
    )
    ds = TensorDataset(images, kind)
    train_ds, val_ds = Subset(ds, range(800)), Subset(ds, range(800, 1200))
    dl = DataLoader(train_ds, batch_size=40, shuffle=True, generator=torch.Generator().manual_seed(seed))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.8)
    for epoch in range(14):
        model.train()
        for xb, yb in dl:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).flatten(), yb).backward()
            opt.step()
        sched.step()
        model.eval()
        with torch.no_grad():
            xv, yv = next(iter(DataLoader(val_ds, batch_size=len(val_ds))))
            z = model(xv).flatten()
        print(
            f"{epoch:2d}: val loss {F.binary_cross_entropy_with_logits(z, yv):.4f}, "
            f"val accuracy {((z > 0) == (yv == 1)).float().mean():.3f}"
        )


@case("healthy")
def income_with_balanced_sampler(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates()
    df["income"] = df.pop("income_gt_50k")
    for column in ("capital-gain", "capital-loss"):
        df[f"any-{column}"] = (df[column] > 0).astype(int)
    train_df, valid_df = train_test_split(df, train_size=0.7, stratify=df["income"], random_state=seed)
    numeric = ["age", "education-num", "hours-per-week"]
    capital = ["capital-gain", "capital-loss", "any-capital-gain", "any-capital-loss"]
    nominal = ["marital-status", "occupation", "relationship", "workclass"]
    prep = ColumnTransformer(
        [
            ("n", QuantileTransformer(output_distribution="normal", n_quantiles=50, random_state=0), numeric),
            ("k", make_pipeline(FunctionTransformer(lambda a: np.minimum(a, 20_000)), StandardScaler()), capital),
            ("c", OneHotEncoder(handle_unknown="ignore", sparse_output=False), nominal),
        ]
    )
    xt = torch.from_numpy(prep.fit_transform(train_df)).float()
    xv = torch.from_numpy(prep.transform(valid_df)).float()
    yt, yv = torch.tensor(train_df["income"].values.copy()), valid_df["income"].to_numpy()
    weight = 1.0 / torch.bincount(yt).double()
    sampler = WeightedRandomSampler(weight[yt], num_samples=len(yt), replacement=True)
    loader = DataLoader(TensorDataset(xt, yt.float()), batch_size=256, sampler=sampler)
    net = nn.Sequential(nn.Linear(xt.shape[1], 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for epoch in range(10):
        net.train()
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(xv)[:, 0].numpy()
        print(
            f"epoch {epoch + 1}: loss {loss.item():.3f}, balanced accuracy {balanced_accuracy_score(yv, z > 0):.4f}, "
            f"AUC {roc_auc_score(yv, z):.4f}"
        )
    print(confusion_matrix(yv, z > 0))


@case("healthy")
def steps_up_or_down_lstm_of_many_lengths(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def walk(label):
        n = rng.integers(12, 41)
        steps = rng.normal(0, 0.4, n)
        a, b = sorted(rng.choice(np.arange(2, n - 1), 2, replace=False))
        first, second = (2.0, -2.0) if label else (-2.0, 2.0)
        steps[a] += first
        steps[b] += second
        return torch.tensor(steps, dtype=torch.float32).unsqueeze(1)

    y = torch.tensor(rng.integers(0, 2, 1500)).float()
    walks = [walk(int(k)) for k in y]
    lengths = torch.tensor([len(w) for w in walks])
    x = pad_sequence(walks, batch_first=True)

    class Reader(nn.Module):
        def __init__(self, hidden=24):
            super().__init__()
            self.lstm = nn.LSTM(1, hidden, batch_first=True)
            self.norm = nn.LayerNorm(hidden)
            self.out = nn.Linear(hidden, 1)

        def forward(self, x, lengths):
            states, _ = self.lstm(x)
            final = states[torch.arange(len(x)), lengths - 1]
            return self.out(self.norm(final)).squeeze(1)

    torch.manual_seed(seed)
    model = Reader()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=22)
    train, valid = torch.arange(1100), torch.arange(1100, 1500)
    for epoch in range(22):
        for rows in train[torch.randperm(len(train))].split(55):
            longest = int(lengths[rows].max())
            loss = F.binary_cross_entropy_with_logits(model(x[rows, :longest], lengths[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_value_(model.parameters(), 0.5)
            optimizer.step()
        scheduler.step()
        with torch.no_grad():
            z = model(x[valid], lengths[valid])
            val_loss = F.binary_cross_entropy_with_logits(z, y[valid]).item()
        print(f"epoch {epoch:2d}: {loss.item():.4f} {val_loss:.4f} {accuracy_score(y[valid], z > 0):.3f}")


@case("healthy")
def spambase_lightning_style_trainer(seed: int) -> None:
    class Module(nn.Module):
        def configure_optimizers(self):
            raise NotImplementedError

        def log(self, name, value):
            self.logged.setdefault(name, []).append(float(value))

    class SpamModule(Module):
        def __init__(self, inputs, hidden=48, lr=2e-3):
            super().__init__()
            self.hparams = {"hidden": hidden, "lr": lr}
            self.logged = {}
            self.net = nn.Sequential(
                nn.Linear(inputs, hidden),
                nn.GELU(),
                nn.Dropout(0.3),
                nn.Linear(hidden, hidden),
                nn.GELU(),
                nn.Dropout(0.3),
                nn.Linear(hidden, 1),
            )

        def forward(self, x):
            return self.net(x).squeeze(-1)

        def training_step(self, batch, batch_idx):
            x, y = batch
            loss = F.binary_cross_entropy_with_logits(self(x), y)
            self.log("train_loss", loss.detach())
            return loss

        def validation_step(self, batch, batch_idx):
            x, y = batch
            logits = self(x)
            return {"logits": logits, "y": y}

        def validation_epoch_end(self, outputs):
            logits = torch.cat([o["logits"] for o in outputs])
            y = torch.cat([o["y"] for o in outputs])
            self.log("val_loss", F.binary_cross_entropy_with_logits(logits, y))
            self.log("val_auc", roc_auc_score(y, logits))

        def configure_optimizers(self):
            optimizer = torch.optim.AdamW(self.parameters(), lr=self.hparams["lr"], weight_decay=0.02)
            return {"optimizer": optimizer, "lr_scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 6, gamma=0.3)}

    class Callback:
        def on_validation_end(self, trainer, module):
            pass

    class ModelCheckpoint(Callback):
        def __init__(self, monitor):
            self.monitor, self.best, self.state = monitor, float("inf"), None

        def on_validation_end(self, trainer, module):
            value = module.logged[self.monitor][-1]
            if value < self.best:
                self.best = value
                self.state = {k: v.detach().clone() for k, v in module.state_dict().items()}

    class EarlyStopping(Callback):
        def __init__(self, monitor, patience):
            self.monitor, self.patience = monitor, patience

        def on_validation_end(self, trainer, module):
            values = module.logged[self.monitor]
            trainer.should_stop = len(values) - 1 - int(np.argmin(values)) >= self.patience

    class ProgressPrinter(Callback):
        def on_validation_end(self, trainer, module):
            print(trainer.current_epoch, {k: round(v[-1], 4) for k, v in module.logged.items()})

    class Trainer:
        def __init__(self, max_epochs, callbacks):
            self.max_epochs, self.callbacks, self.should_stop = max_epochs, callbacks, False

        def fit(self, module, train_loader, val_loader):
            optimizers = module.configure_optimizers()
            optimizer, scheduler = optimizers["optimizer"], optimizers["lr_scheduler"]
            for epoch in range(self.max_epochs):
                self.current_epoch = epoch
                module.train()
                for i, batch in enumerate(train_loader):
                    loss = module.training_step(batch, i)
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                scheduler.step()
                module.eval()
                with torch.no_grad():
                    module.validation_epoch_end([module.validation_step(b, i) for i, b in enumerate(val_loader)])
                for callback in self.callbacks:
                    callback.on_validation_end(self, module)
                if self.should_stop:
                    break

    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed, raw=True)
    x, xv = torch.log1p(x), torch.log1p(xv)
    center, scale = x.mean(0), x.std(0)
    x, xv = (x - center) / scale, (xv - center) / scale
    checkpoint_callback = ModelCheckpoint("val_loss")
    model = SpamModule(x.shape[1])
    trainer = Trainer(25, [checkpoint_callback, EarlyStopping("val_loss", 5), ProgressPrinter()])
    trainer.fit(model, DataLoader(TensorDataset(x, y), 64, shuffle=True), DataLoader(TensorDataset(xv, yv), 256))
    model.load_state_dict(checkpoint_callback.state)
    model.eval()
    with torch.no_grad():
        z = model(xv)
    print("best checkpoint: AUC", roc_auc_score(yv, z), "accuracy", accuracy_score(yv, z > 0))


@case("healthy")
def credit_skorch_style_estimator(seed: int) -> None:
    class Perceptron(nn.Module):
        def __init__(self, num_inputs, num_units=40, dropout=0.4):
            super().__init__()
            self.hidden = nn.Linear(num_inputs, num_units)
            self.dropout = nn.Dropout(dropout)
            self.output = nn.Linear(num_units, 2)

        def forward(self, X):
            return self.output(self.dropout(F.relu(self.hidden(X))))

    class NeuralNetClassifier:
        def __init__(self, module, criterion, optimizer, max_epochs, batch_size, callbacks=(), **kwargs):
            self.module, self.criterion, self.optimizer = module, criterion, optimizer
            self.max_epochs, self.batch_size, self.callbacks = max_epochs, batch_size, callbacks
            self.kwargs = kwargs

        def params_for(self, prefix):
            return {k[len(prefix) + 2 :]: v for k, v in self.kwargs.items() if k.startswith(prefix + "__")}

        def initialize(self):
            self.module_ = self.module(**self.params_for("module"))
            self.criterion_ = self.criterion(**self.params_for("criterion"))
            self.optimizer_ = self.optimizer(self.module_.parameters(), **self.params_for("optimizer"))
            self.history_ = []
            return self

        def notify(self, event, **kw):
            for callback in self.callbacks:
                getattr(callback, event, lambda *a, **k: None)(self, **kw)

        def train_step(self, Xi, yi):
            self.module_.train()

            def step_fn():
                self.optimizer_.zero_grad()
                loss = self.criterion_(self.module_(Xi), yi)
                loss.backward()
                return loss

            return self.optimizer_.step(step_fn).item()

        def fit(self, X, y, X_valid, y_valid):
            self.initialize()
            self.notify("on_train_begin")
            for epoch in range(self.max_epochs):
                rows = torch.randperm(len(X)).split(self.batch_size)
                train_loss = sum(self.train_step(X[r], y[r]) * len(r) for r in rows) / len(X)
                logits = self.forward(X_valid)
                self.history_.append(
                    {
                        "epoch": epoch + 1,
                        "train_loss": train_loss,
                        "valid_loss": self.criterion_(logits, y_valid).item(),
                        "valid_auc": roc_auc_score(y_valid, logits.softmax(1)[:, 1]),
                    }
                )
                self.notify("on_epoch_end")
            self.notify("on_train_end")
            return self

        @torch.no_grad()
        def forward(self, X):
            self.module_.eval()
            return self.module_(X)

        def predict_proba(self, X):
            return self.forward(X).softmax(1).numpy()

        def predict(self, X):
            return self.predict_proba(X).argmax(1)

    class PrintLog:
        def on_epoch_end(self, net):
            print(
                "  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in net.history_[-1].items())
            )

    class RestoreBest:
        def on_train_begin(self, net):
            self.best = np.inf

        def on_epoch_end(self, net):
            if net.history_[-1]["valid_loss"] < self.best:
                self.best = net.history_[-1]["valid_loss"]
                self.state = {k: v.clone() for k, v in net.module_.state_dict().items()}

        def on_train_end(self, net):
            net.module_.load_state_dict(self.state)

    x, y, xv, yv = data("credit_data", seed)
    torch.manual_seed(seed)
    net = NeuralNetClassifier(
        Perceptron,
        nn.CrossEntropyLoss,
        torch.optim.Adam,
        max_epochs=18,
        batch_size=48,
        callbacks=[PrintLog(), RestoreBest()],
        module__num_inputs=x.shape[1],
        optimizer__lr=2e-3,
        optimizer__weight_decay=1e-3,
        criterion__weight=torch.tensor([0.7, 1.8]),
    )
    net.fit(x, y.long(), xv, yv.long())
    proba = net.predict_proba(xv)[:, 1]
    print("balanced accuracy", balanced_accuracy_score(yv, net.predict(xv)), "AUC", roc_auc_score(yv, proba))


@case("healthy")
def sms_transformer_with_model_output(seed: int) -> None:
    Output = namedtuple("Output", "loss logits hidden_states", defaults=(None, None, None))

    class Tokenizer:
        def __init__(self, texts, size=2500, max_length=40):
            counts = Counter(w for t in texts for w in self.split(t))
            self.vocab = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2}
            for word, _ in counts.most_common(size):
                self.vocab[word] = len(self.vocab)
            self.max_length = max_length

        def split(self, text):
            return "".join(
                c if c.isalpha() or c.isspace() else f" {'0' if c.isdigit() else c} " for c in text.lower()
            ).split()

        def __call__(self, texts):
            rows = [[2, *[self.vocab.get(w, 1) for w in self.split(t)][: self.max_length - 1]] for t in texts]
            ids = pad_sequence([torch.tensor(r) for r in rows], batch_first=True)
            return {"input_ids": ids, "attention_mask": (ids != 0).long()}

    class TransformerForClassification(nn.Module):
        def __init__(self, vocab_size, d=32, heads=4, max_length=40):
            super().__init__()
            self.word = nn.Embedding(vocab_size, d, padding_idx=0)
            self.position = nn.Embedding(max_length, d)
            self.layer = nn.TransformerEncoderLayer(d, heads, 64, dropout=0.2, batch_first=True, norm_first=True)
            self.norm = nn.LayerNorm(d)
            self.classifier = nn.Linear(d, 2)

        def forward(self, input_ids, attention_mask, labels=None):
            h = self.word(input_ids) + self.position(torch.arange(input_ids.shape[1]))
            h = self.layer(h, src_key_padding_mask=attention_mask == 0)
            mask = attention_mask.unsqueeze(-1)
            pooled = (self.norm(h) * mask).sum(1) / mask.sum(1)
            logits = self.classifier(pooled)
            loss = None if labels is None else F.cross_entropy(logits, labels)
            return Output(loss, logits, h)

    torch.manual_seed(seed)
    table = load("sms_spam").distinct()
    texts, labels = list(table.features["text"]), torch.tensor(table.labels).long()
    train_texts, eval_texts, train_labels, eval_labels = train_test_split(
        texts, labels, test_size=0.3, stratify=labels, random_state=seed
    )
    tokenizer = Tokenizer(train_texts)

    def collate(examples):
        batch = tokenizer([e["text"] for e in examples])
        batch["labels"] = torch.stack([e["label"] for e in examples])
        return batch

    examples = [{"text": t, "label": y} for t, y in zip(train_texts, train_labels, strict=False)]
    eval_examples = [{"text": t, "label": y} for t, y in zip(eval_texts, eval_labels, strict=False)]
    model = TransformerForClassification(len(tokenizer.vocab))
    loader = DataLoader(examples, batch_size=64, shuffle=True, collate_fn=collate)
    eval_loader = DataLoader(eval_examples, batch_size=256, collate_fn=collate)
    epochs = 5
    no_decay = [p for n, p in model.named_parameters() if "norm" in n or n.endswith("bias")]
    decay = [p for n, p in model.named_parameters() if not ("norm" in n or n.endswith("bias"))]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.01}, {"params": no_decay, "weight_decay": 0.0}], lr=3e-3
    )
    total = epochs * len(loader)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / 20, max(0.0, (total - s) / total)))
    for epoch in range(epochs):
        model.train()
        for batch in loader:
            outputs = model(**batch)
            outputs.loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        model.eval()
        with torch.no_grad():
            collected = [(model(**batch).logits, batch["labels"]) for batch in eval_loader]
        logits, truth = map(torch.cat, zip(*collected, strict=False))
        print(
            {
                "epoch": epoch + 1,
                "loss": round(outputs.loss.item(), 4),
                "eval_loss": round(F.cross_entropy(logits, truth).item(), 4),
                "eval_f1": round(f1_score(truth, logits.argmax(-1)), 4),
                "eval_auc": round(roc_auc_score(truth, logits.softmax(-1)[:, 1]), 4),
            }
        )


@case("healthy")
def splice_deep_supervision_with_auxiliary_heads(seed: int) -> None:
    torch.manual_seed(seed)
    df = (
        pd.read_csv(f"{FOLDER}/splice/splice.csv.gz")
        .drop_duplicates(subset="sequence")
        .sample(frac=1, random_state=seed)
    )
    letters = "ACGTDNSR"
    codes = torch.tensor([[letters.index(c) for c in s] for s in df["sequence"]])
    junction = torch.tensor(df["is_junction"].to_numpy().copy()).float()
    site = torch.tensor(df["site"].map({"N": 0, "EI": 1, "IE": 2}).to_numpy().copy())
    n = int(0.7 * len(df))

    class DeeplySupervised(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(len(letters), 6)
            self.stages = nn.ModuleList([nn.Conv1d(6, 20, 7, padding=3), nn.Conv1d(20, 20, 5, padding=2)])
            self.norms = nn.ModuleList([nn.BatchNorm1d(20), nn.BatchNorm1d(20)])
            self.heads = nn.ModuleList([nn.Linear(20 * 20, 1), nn.Linear(20 * 20, 1)])
            self.which = nn.Linear(20 * 20, 3)
            self.drop = nn.Dropout(0.4)

        def forward(self, codes):
            h, outputs = self.embed(codes).transpose(1, 2), []
            for stage, norm, head in zip(self.stages, self.norms, self.heads, strict=False):
                h = F.relu(norm(stage(h)))
                flat = self.drop(F.max_pool1d(h, 3).flatten(1))
                outputs.append(head(flat).squeeze(1))
            return outputs, self.which(flat)

    model = DeeplySupervised()
    optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-3, weight_decay=1e-4)
    for epoch in range(10):
        model.train()
        parts = np.zeros(3)
        batches = torch.randperm(n).split(64)
        for rows in batches:
            (early, final), which = model(codes[rows])
            main = F.binary_cross_entropy_with_logits(final, junction[rows])
            aux = F.binary_cross_entropy_with_logits(early, junction[rows])
            kind = F.cross_entropy(which, site[rows])
            loss = main + 0.3 * aux + 0.3 * kind
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            parts += [main.item(), aux.item(), kind.item()]
        model.eval()
        with torch.no_grad():
            (early, final), which = model(codes[n:])
            val = F.binary_cross_entropy_with_logits(final, junction[n:]).item()
        print(
            f"epoch {epoch}: main/aux/kind {np.round(parts / len(batches), 3)}, val main {val:.4f}, "
            f"AUC {roc_auc_score(junction[n:], final):.4f}, accuracy {accuracy_score(junction[n:], final > 0):.4f}"
        )


@case("healthy")
def digits_with_double_backward_penalty(seed: int) -> None:
    torch.manual_seed(seed)
    X, digit = load_digits(return_X_y=True)
    y = (digit >= 5).astype(np.float32)
    Xa, Xb, ya, yb = train_test_split(X / 16.0 - 0.5, y, train_size=0.5, stratify=digit, random_state=seed)
    Xa, Xb = torch.tensor(Xa, dtype=torch.float32), torch.tensor(Xb, dtype=torch.float32)
    ya, yb = torch.tensor(ya), torch.tensor(yb)
    model = nn.Sequential(
        nn.Linear(64, 64), nn.Softplus(beta=5), nn.Linear(64, 64), nn.Softplus(beta=5), nn.Linear(64, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=60)
    strength = 0.004
    for epoch in range(60):
        for rows in torch.randperm(len(Xa)).split(64):
            x = Xa[rows].requires_grad_(True)
            z = model(x).squeeze(1)
            data_loss = F.binary_cross_entropy_with_logits(z, ya[rows])
            (slope,) = torch.autograd.grad(z.sum(), x, create_graph=True)
            penalty = slope.square().sum(dim=1).mean()
            optimizer.zero_grad()
            (data_loss + strength * penalty).backward()
            optimizer.step()
        schedule.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                zb = model(Xb).squeeze(1)
                val = F.binary_cross_entropy_with_logits(zb, yb).item()
            print(
                f"epoch {epoch + 1}: loss {data_loss.item():.4f}, penalty {penalty.item():.3f}, val loss {val:.4f}, "
                f"val accuracy {((zb > 0) == (yb > 0.5)).float().mean().item():.4f}"
            )


@case("healthy")
def domain_adversarial_sensors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    mixing = rng.normal(size=(6, 12))
    offset = 0.8 * rng.normal(size=(3, 12))

    def measure(n, device):
        fault = rng.integers(0, 2, n)
        latent = rng.normal(size=(n, 6))
        latent[:, 0] += 1.6 * (2 * fault - 1) * np.sign(latent[:, 1])
        return latent @ mixing + offset[device] + 0.3 * rng.normal(size=(n, 12)), fault

    source = [measure(500, d) for d in (0, 1)]
    new, new_fault = measure(1000, 2)
    x = np.concatenate([s[0] for s in source])
    mu, sd = x.mean(0), x.std(0)
    to_tensor = lambda a: torch.tensor((a - mu) / sd, dtype=torch.float32)  # noqa: E731
    x, fault = to_tensor(x), torch.tensor(np.concatenate([s[1] for s in source]), dtype=torch.float32)
    unlabelled, target, target_fault = to_tensor(new[:500]), to_tensor(new[500:]), new_fault[500:]

    class Reverse(torch.autograd.Function):
        @staticmethod
        def forward(ctx, value, weight):
            ctx.weight = weight
            return value.view_as(value)

        @staticmethod
        def backward(ctx, gradient):
            return -ctx.weight * gradient, None

    class Dann(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
            self.label = nn.Linear(16, 1)
            self.domain = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, x, weight=0.0):
            h = self.features(x)
            return self.label(h).squeeze(1), self.domain(Reverse.apply(h, weight)).squeeze(1)

    model = Dann()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    epochs = 20
    for epoch in range(epochs):
        weight = 0.1 * (2 / (1 + math.exp(-10 * epoch / epochs)) - 1)
        for rows in torch.randperm(len(x)).split(50):
            other = unlabelled[torch.randint(len(unlabelled), (50,))]
            z, d_source = model(x[rows], weight)
            _, d_target = model(other, weight)
            label_loss = F.binary_cross_entropy_with_logits(z, fault[rows])
            d = torch.cat([d_source, d_target])
            is_target = torch.cat([torch.zeros(len(rows)), torch.ones(len(other))])
            domain_loss = F.binary_cross_entropy_with_logits(d, is_target)
            optimizer.zero_grad()
            (label_loss + domain_loss).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            z, _ = model(target)
        model.train()
        print(
            f"epoch {epoch + 1}: label {label_loss.item():.3f} domain {domain_loss.item():.3f} "
            f"new device AUC {roc_auc_score(target_fault, z):.3f} accuracy {accuracy_score(target_fault, z > 0):.3f}"
        )


@case("healthy")
def small_student_of_a_wide_teacher(seed: int) -> None:
    x, y, xv, yv = data("spambase", seed, raw=True)
    x, xv = x.log1p(), xv.log1p()
    center, spread = x.mean(0), x.std(0).clamp(min=1e-6)
    x, xv = (x - center) / spread, (xv - center) / spread
    torch.manual_seed(seed)
    teacher = nn.Sequential(nn.Linear(57, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 1))
    student = nn.Sequential(nn.Linear(57, 8), nn.ReLU(), nn.Linear(8, 1))

    def report(name, net):
        net.eval()
        with torch.no_grad():
            z = net(xv).squeeze(1)
        print(
            f"{name}: loss {F.binary_cross_entropy_with_logits(z, yv):.4f} AUC {roc_auc_score(yv, z):.4f} "
            f"accuracy {accuracy_score(yv, z > 0):.4f}"
        )

    optimizer = torch.optim.Adam(teacher.parameters(), lr=1e-3, weight_decay=1e-4)
    for epoch in range(25):
        teacher.train()
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(teacher(x[rows]).squeeze(1), y[rows]).backward()
            optimizer.step()
        if epoch % 8 == 0:
            report(f"teacher {epoch}", teacher)
    report("teacher", teacher)
    for parameter in teacher.parameters():
        parameter.requires_grad_(False)

    temperature, share = 2.0, 0.7
    optimizer = torch.optim.Adam(student.parameters(), lr=3e-3, weight_decay=1e-4)
    for epoch in range(30):
        student.train()
        for rows in torch.randperm(len(x)).split(64):
            with torch.no_grad():
                soft = torch.sigmoid(teacher(x[rows]).squeeze(1) / temperature)
            z = student(x[rows]).squeeze(1)
            distilled = F.binary_cross_entropy_with_logits(z / temperature, soft) * temperature**2
            hard = F.binary_cross_entropy_with_logits(z, y[rows])
            loss = share * distilled + (1 - share) * hard
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 6 == 5:
            report(f"student {epoch + 1}", student)


@case("healthy")
def churn_sharpness_aware_steps(seed: int) -> None:
    class SAM(torch.optim.Optimizer):
        def __init__(self, params, base, rho=0.05, **kwargs):
            super().__init__(params, {"rho": rho, **kwargs})
            self.base = base(self.param_groups, **kwargs)
            self.param_groups = self.base.param_groups

        @torch.no_grad()
        def first_step(self):
            norm = torch.stack([p.grad.norm() for g in self.param_groups for p in g["params"]]).norm()
            for group in self.param_groups:
                for p in group["params"]:
                    step = p.grad * (group["rho"] / (norm + 1e-12))
                    p.add_(step)
                    self.state[p]["e"] = step
            self.zero_grad()

        @torch.no_grad()
        def second_step(self):
            for group in self.param_groups:
                for p in group["params"]:
                    p.sub_(self.state[p]["e"])
            self.base.step()
            self.zero_grad()

    table = load("mlc_churn").distinct()
    frame = pd.get_dummies(table.features.drop(columns=["state", "area_code"]), drop_first=True).astype(float)
    tr, va = train_test_split(np.arange(len(frame)), test_size=0.3, stratify=table.labels, random_state=seed)
    x = torch.tensor(StandardScaler().fit(frame.iloc[tr]).transform(frame), dtype=torch.float32)
    y = torch.tensor(table.labels, dtype=torch.float32)
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    sam = SAM(net.parameters(), torch.optim.SGD, rho=0.05, lr=0.05, momentum=0.9, weight_decay=4e-3)
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))
    epochs = 30
    for epoch in range(epochs):
        for group in sam.param_groups:
            group["lr"] = 0.05 * 0.5 * (1 + math.cos(math.pi * epoch / epochs))
        for batch in torch.from_numpy(np.random.default_rng([seed, epoch]).permutation(tr)).split(64):
            loss = criterion(net(x[batch])[:, 0], y[batch])
            loss.backward()
            sam.first_step()
            criterion(net(x[batch])[:, 0], y[batch]).backward()
            sam.second_step()
        if epoch % 5 == 4:
            with torch.no_grad():
                zt, zv = net(x[tr])[:, 0], net(x[va])[:, 0]
            print(
                f"{epoch + 1:2d} train {criterion(zt, y[tr]):.4f} valid {criterion(zv, y[va]):.4f} "
                f"AUC {roc_auc_score(y[va], zv):.4f} balanced accuracy {balanced_accuracy_score(y[va], zv > 0):.4f}"
            )


@case("healthy")
def breast_cancer_per_row_gradients_clipped(seed: int) -> None:
    bunch = load_breast_cancer()
    malignant = 1 - bunch.target
    X_train, X_val, y_train, y_val = train_test_split(
        bunch.data, malignant, test_size=0.35, stratify=malignant, random_state=seed
    )
    scaler = StandardScaler().fit(X_train)
    X_train, X_val = (torch.tensor(scaler.transform(a)).float() for a in (X_train, X_val))
    y_train, y_val = torch.tensor(y_train).float(), torch.tensor(y_val).float()
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(30, 12), nn.Tanh(), nn.Linear(12, 1))
    params = {k: v.detach() for k, v in net.named_parameters()}

    def row_loss(params, x, y):
        z = functional_call(net, params, (x.unsqueeze(0),)).squeeze()
        return F.binary_cross_entropy_with_logits(z, y)

    row_grads = vmap(grad(row_loss), in_dims=(None, 0, 0))
    velocity = {k: torch.zeros_like(v) for k, v in params.items()}
    for epoch in range(25):
        for rows in torch.randperm(len(X_train)).split(37):
            grads = row_grads(params, X_train[rows], y_train[rows])
            norms = torch.stack([g.flatten(1).norm(dim=1) for g in grads.values()]).norm(dim=0)
            factor = (1.0 / norms).clamp(max=1.0)
            for k, g in grads.items():
                clipped = torch.einsum("n,n...->...", factor, g) / len(rows)
                velocity[k] = 0.9 * velocity[k] + clipped + 5e-3 * params[k]
                params[k] = params[k] - 0.03 * velocity[k]
        if epoch % 4 == 0:
            zt, zv = (functional_call(net, params, (x,)).squeeze(1) for x in (X_train, X_val))
            print(
                f"epoch {epoch}: train {F.binary_cross_entropy_with_logits(zt, y_train):.4f} "
                f"val {F.binary_cross_entropy_with_logits(zv, y_val):.4f} AUC {roc_auc_score(y_val, zv):.4f} "
                f"recall of malignant {((zv > 0) & (y_val == 1)).sum().item() / y_val.sum().item():.3f}"
            )


@case("healthy")
def moons_with_normalised_weights(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_valid, y_valid = data("moons", seed)
    critic = nn.Sequential(
        parametrizations.spectral_norm(nn.Linear(2, 64)),
        nn.LeakyReLU(0.2),
        parametrizations.weight_norm(nn.Linear(64, 64)),
        nn.LeakyReLU(0.2),
        parametrizations.weight_norm(nn.Linear(64, 1)),
    )
    optimizer = torch.optim.NAdam(critic.parameters(), lr=2e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    loader = DataLoader(TensorDataset(x, y), batch_size=60, shuffle=True)
    for epoch in range(1, 51):
        critic.train()
        for xb, yb in loader:
            loss = F.soft_margin_loss(critic(xb)[:, 0], 2 * yb - 1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        critic.eval()
        if epoch % 5 == 0:
            with torch.no_grad():
                margin = critic(x_valid)[:, 0] * (2 * y_valid - 1)
            print(
                f"epoch {epoch}: last batch {loss.item():.4f}, held out {F.softplus(-margin).mean().item():.4f}, "
                f"correct {(margin > 0).float().mean().item():.3f}"
            )


@case("healthy")
def income_deep_residual_checkpointed(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(frac=0.6, random_state=seed)
    label = torch.tensor(df["income_gt_50k"].to_numpy().copy(), dtype=torch.float32)
    frame = pd.get_dummies(df[["marital-status", "occupation", "workclass", "relationship"]], dtype=float)
    for column in ("age", "education-num", "hours-per-week"):
        frame[column] = df[column]
    frame["age squared"] = df["age"] ** 2
    frame["gain"] = df["capital-gain"].clip(upper=15_000)
    frame["some gain"] = (df["capital-gain"] > 0).astype(float)
    frame["loss"] = df["capital-loss"]
    n = int(0.75 * len(frame))
    frame = (frame - frame[:n].mean()) / (frame[:n].std() + 1e-9)
    x = torch.tensor(frame.to_numpy(), dtype=torch.float32).clamp(-6, 6)

    class Block(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.norm = nn.LayerNorm(width)
            self.inner = nn.Sequential(
                nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(0.2), nn.Linear(2 * width, width)
            )

        def forward(self, h):
            return h + self.inner(self.norm(h))

    class ResNet(nn.Module):
        def __init__(self, inputs, width=32, depth=4):
            super().__init__()
            self.stem = nn.Linear(inputs, width)
            self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
            self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 1))

        def forward(self, x):
            h = self.stem(x)
            for block in self.blocks:
                h = checkpoint(block, h, use_reentrant=False) if self.training else block(h)
            return self.head(h).squeeze(-1)

    model = ResNet(x.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    batches = math.ceil(n / 128)
    epochs = 6
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, epochs=epochs, steps_per_epoch=batches)
    for epoch in range(epochs):
        model.train()
        mean_loss = 0.0
        for rows in torch.randperm(n).split(128):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), label[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            mean_loss += loss.item() * len(rows) / n
        model.eval()
        with torch.no_grad():
            z = model(x[n:])
            val = F.binary_cross_entropy_with_logits(z, label[n:]).item()
        print(f"epoch {epoch + 1}/{epochs} loss {mean_loss:.4f} val {val:.4f} auc {roc_auc_score(label[n:], z):.4f}")


@case("healthy")
def hypernetwork_writes_the_boundary(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 3000
    angle = rng.uniform(0, 2 * np.pi, n)
    points = rng.normal(size=(n, 2))
    side = points[:, 0] * np.cos(angle) + points[:, 1] * np.sin(angle)
    label = (side + 0.3 * rng.normal(size=n) > 0.2).astype(np.float32)
    context = torch.tensor(np.stack([np.cos(2 * angle), np.sin(2 * angle), np.cos(angle), np.sin(angle)], 1)).float()
    points, label = torch.tensor(points).float(), torch.tensor(label)

    class Hyper(nn.Module):
        def __init__(self, hidden=4):
            super().__init__()
            self.hidden = hidden
            self.sizes = [2 * hidden, hidden, hidden, 1]
            self.writer = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, sum(self.sizes)))

        def forward(self, context, x):
            w1, b1, w2, b2 = self.writer(context).split(self.sizes, dim=1)
            h = torch.tanh(torch.bmm(w1.view(-1, self.hidden, 2), x.unsqueeze(2)).squeeze(2) + b1)
            return (h * w2).sum(1) + b2.squeeze(1)

    torch.manual_seed(seed)
    net = Hyper()
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)
    train, held = slice(0, 2000), slice(2000, n)
    for epoch in range(20):
        for rows in torch.randperm(2000).split(100):
            loss = F.binary_cross_entropy_with_logits(net(context[rows], points[rows]), label[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        with torch.no_grad():
            fit = F.binary_cross_entropy_with_logits(net(context[train], points[train]), label[train])
            z = net(context[held], points[held])
            test = F.binary_cross_entropy_with_logits(z, label[held])
        if epoch % 3 == 1:
            print(f"{epoch:2d} loss {fit:.4f} held-out {test:.4f} accuracy {accuracy_score(label[held], z > 0):.4f}")


@case("healthy")
def routed_experts_with_balancing_loss(seed: int) -> None:
    X, y = make_classification(
        3000, 16, n_informative=8, n_redundant=2, n_clusters_per_class=4, class_sep=1.2, flip_y=0.02, random_state=seed
    )
    Xt, Xv, yt, yv = train_test_split(X, y, test_size=1000, random_state=seed)
    mean, std = Xt.mean(0), Xt.std(0)
    Xt, Xv = (torch.tensor((a - mean) / std, dtype=torch.float32) for a in (Xt, Xv))
    yt, yv = torch.tensor(yt, dtype=torch.float32), torch.tensor(yv, dtype=torch.float32)

    class Experts(nn.Module):
        def __init__(self, inputs, experts=4, hidden=24):
            super().__init__()
            self.router = nn.Linear(inputs, experts)
            self.experts = nn.ModuleList(
                nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 1)) for _ in range(experts)
            )

        def forward(self, x):
            gates = self.router(x).softmax(dim=1)
            opinions = torch.cat([expert(x) for expert in self.experts], dim=1)
            usage = gates.mean(dim=0)
            balance = len(self.experts) * usage.square().sum() - 1
            return (gates * opinions).sum(dim=1), balance, usage

    torch.manual_seed(seed)
    moe = Experts(16)
    optimizer = torch.optim.AdamW(moe.parameters(), lr=5e-3, weight_decay=0.05)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=8, gamma=0.3)
    for epoch in range(20):
        for rows in torch.randperm(len(Xt)).split(100):
            z, balance, _ = moe(Xt[rows])
            loss = F.binary_cross_entropy_with_logits(z, yt[rows]) + 0.05 * balance
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        with torch.no_grad():
            z, _, usage = moe(Xv)
            nll = F.binary_cross_entropy_with_logits(z, yv)
        if epoch % 4 == 3:
            print(
                f"epoch {epoch + 1}: loss {loss.item():.4f}, validation {nll:.4f}, AUC {roc_auc_score(yv, z):.4f}, "
                f"accuracy {accuracy_score(yv, z > 0):.4f}, usage {[round(u, 2) for u in usage.tolist()]}"
            )


@case("healthy")
def credit_neural_additive_model(seed: int) -> None:
    table = load("credit_data").distinct()
    numeric = ["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    nominal = ["Home", "Marital", "Records", "Job"]
    df, y = table.features.copy(), table.labels
    for column in ("Income", "Assets", "Debt"):
        df[column] = np.log1p(df[column])
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    df[numeric] = df[numeric].fillna(df.iloc[tr][numeric].median())
    df[numeric] = (df[numeric] - df.iloc[tr][numeric].mean()) / df.iloc[tr][numeric].std()
    codes = {c: {v: i for i, v in enumerate(df.iloc[tr][c].fillna("missing").unique(), start=1)} for c in nominal}
    batch_of = lambda rows: (  # noqa: E731
        {c: torch.tensor(df.iloc[rows][c].to_numpy(dtype=np.float32))[:, None] for c in numeric}
        | {
            c: torch.tensor(df.iloc[rows][c].fillna("missing").map(codes[c]).fillna(0).to_numpy(dtype=np.int64))
            for c in nominal
        }
    )

    class Additive(nn.Module):
        def __init__(self):
            super().__init__()
            self.shape = nn.ModuleDict(
                {c: nn.Sequential(nn.Linear(1, 12), nn.Tanh(), nn.Dropout(0.1), nn.Linear(12, 1)) for c in numeric}
            )
            self.level = nn.ModuleDict({c: nn.Embedding(len(codes[c]) + 1, 1, padding_idx=0) for c in nominal})
            self.bias = nn.Parameter(torch.tensor(math.log(y[tr].mean() / (1 - y[tr].mean()))).float())

        def contributions(self, inputs):
            return torch.cat([(self.shape if c in self.shape else self.level)[c](v) for c, v in inputs.items()], dim=1)

        def forward(self, inputs):
            return self.contributions(inputs).sum(dim=1) + self.bias

    torch.manual_seed(seed)
    model = Additive()
    for embedding in model.level.values():
        nn.init.zeros_(embedding.weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    train, valid = batch_of(tr), batch_of(va)
    yt, yv = torch.tensor(y[tr]).float(), torch.tensor(y[va]).float()
    for epoch in range(15):
        model.train()
        for rows in torch.randperm(len(tr)).split(128):
            inputs = {c: v[rows] for c, v in train.items()}
            parts = model.contributions(inputs)
            loss = (
                F.binary_cross_entropy_with_logits(parts.sum(1) + model.bias, yt[rows]) + 1e-3 * parts.square().mean()
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            z = model(valid)
        print(
            f"{epoch}: {loss.item():.4f}, val {F.binary_cross_entropy_with_logits(z, yv).item():.4f}, "
            f"AUC {roc_auc_score(yv, z):.4f}"
        )
    with torch.no_grad():
        strength = model.contributions(valid).std(dim=0)
    print({c: round(s, 2) for c, s in sorted(zip(valid, strength.tolist(), strict=False), key=lambda item: -item[1])})


@case("healthy")
def credit_averaged_dropout_predictions(seed: int) -> None:
    x, y, xv, yv = data("credit_data", seed)

    class Bayesian(nn.Module):
        def __init__(self, inputs, hidden=64, rate=0.3):
            super().__init__()
            self.a, self.b, self.c = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1)
            self.rate = rate

        def forward(self, x):
            h = F.dropout(F.relu(self.a(x)), self.rate, training=True)
            h = F.dropout(F.relu(self.b(h)), self.rate, training=True)
            return self.c(h).squeeze(-1)

        @torch.no_grad()
        def predict(self, x, draws=100):
            p = torch.stack([torch.sigmoid(self(x)) for _ in range(draws)])
            return p.mean(0), p.std(0)

    torch.manual_seed(seed)
    net = Bayesian(x.shape[1])
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.1)
    for epoch in range(12):
        for rows in torch.randperm(len(x)).split(32):
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        mean, spread = net.predict(xv)
        nll = F.binary_cross_entropy(mean, yv).item()
        print(
            f"epoch {epoch}: log loss {nll:.4f}, AUC {roc_auc_score(yv, mean):.4f}, spread {spread.mean().item():.3f}"
        )
    sure = spread < spread.median()
    print(
        f"accuracy of the surer half {accuracy_score(yv[sure], mean[sure] > 0.5):.3f}, "
        f"of the other {accuracy_score(yv[~sure], mean[~sure] > 0.5):.3f}"
    )


@case("healthy")
def vmapped_networks_on_clouds(seed: int) -> None:
    x, y, xv, yv = data("clouds", seed)
    torch.manual_seed(seed)
    models = [nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), nn.Linear(8, 1)) for _ in range(5)]
    skeleton = nn.Sequential(nn.Linear(x.shape[1], 8), nn.Tanh(), nn.Linear(8, 1)).to("meta")
    stacked, buffers = stack_module_state(models)
    weights = {k: v.detach().requires_grad_() for k, v in stacked.items()}

    def predict(inputs):
        return vmap(lambda p, b: functional_call(skeleton, (p, b), (inputs,)).squeeze(1))(weights, buffers)

    optimizer = torch.optim.SGD(weights.values(), lr=0.2, momentum=0.9, weight_decay=1e-2)
    for step in range(120):
        z = predict(x)
        loss = F.binary_cross_entropy_with_logits(z, y.expand_as(z)) * len(models)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 19:
            with torch.no_grad():
                p = predict(xv).sigmoid().mean(0)
            print(
                f"{step + 1}: loss of a member {loss.item() / len(models):.4f}; ensemble: "
                f"log loss {F.binary_cross_entropy(p, yv).item():.4f}, accuracy {accuracy_score(yv, p > 0.5):.3f}"
            )


@case("healthy")
def active_learning_on_digits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, digit = load_digits(return_X_y=True)
    y = torch.tensor(digit % 2, dtype=torch.float32)
    X = torch.tensor(X / 8 - 1, dtype=torch.float32)
    pool, test = train_test_split(np.arange(len(X)), test_size=0.4, stratify=digit, random_state=seed)
    labelled = list(rng.choice(pool, 100, replace=False))

    def fresh():
        return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 1), nn.Flatten(0))

    def train(rows):
        net = fresh()
        optimizer = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-4)
        for _ in range(60):
            net.train()
            for part in torch.tensor(rows)[torch.randperm(len(rows))].split(50):
                loss = F.binary_cross_entropy_with_logits(net(X[part]), y[part])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return net.eval()

    torch.manual_seed(seed)
    while True:
        net = train(labelled)
        with torch.no_grad():
            z = net(X[test])
        print(
            f"{len(labelled)} labels: test accuracy {((z > 0) == (y[test] > 0)).float().mean().item():.4f}, "
            f"AUC {roc_auc_score(y[test], z):.4f}, loss {F.binary_cross_entropy_with_logits(z, y[test]).item():.4f}"
        )
        if len(labelled) >= 500:
            break
        rest = np.setdiff1d(pool, labelled)
        with torch.no_grad():
            doubt = net(X[rest]).abs().numpy()
        labelled += rest[doubt.argsort()[:100]].tolist()


@case("healthy")
def curriculum_from_clear_to_doubtful(seed: int) -> None:
    x, y, xv, yv = data("spambase", seed, raw=True)
    x, xv = torch.log1p(x), torch.log1p(xv)
    x, xv = (x - x.mean(0)) / x.std(0), (xv - x.mean(0)) / x.std(0)
    torch.manual_seed(seed)
    guide = nn.Linear(57, 1)
    optimizer = torch.optim.Adam(guide.parameters(), lr=0.02, weight_decay=1e-3)
    for _ in range(150):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(guide(x).squeeze(1), y).backward()
        optimizer.step()
    with torch.no_grad():
        difficulty = F.binary_cross_entropy_with_logits(guide(x).squeeze(1), y, reduction="none")
    by_difficulty = difficulty.argsort()

    net = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    epochs = 19
    for epoch in range(epochs):
        share = min(1.0, 0.6 + 0.4 * epoch / 6)
        admitted = by_difficulty[: int(share * len(x))]
        net.train()
        for rows in admitted[torch.randperm(len(admitted))].split(64):
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            zt, zv = net(x).squeeze(1), net(xv).squeeze(1)
        if epoch % 3 == 0:
            print(
                f"epoch {epoch} ({len(admitted)} rows): train {F.binary_cross_entropy_with_logits(zt, y).item():.4f} "
                f"valid {F.binary_cross_entropy_with_logits(zv, yv).item():.4f} AUC {roc_auc_score(yv, zv):.4f}"
            )


@case("healthy")
def self_training_from_forty_labels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=20)
    direction /= np.linalg.norm(direction)
    truth = rng.integers(0, 2, 2040)
    points = rng.normal(size=(2040, 20)) + np.outer(4.4 * truth - 2.2, direction)
    x, y = torch.tensor(points, dtype=torch.float32), torch.tensor(truth, dtype=torch.float32)
    given, unlabelled, test = slice(0, 40), slice(40, 1040), slice(1040, 2040)

    def fit(inputs, targets, steps=150):
        model = nn.Sequential(nn.Linear(20, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0))
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.3)
        for _ in range(steps):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(inputs), targets)
            loss.backward()
            optimizer.step()
        return model, loss.item()

    torch.manual_seed(seed)
    model, loss = fit(x[given], y[given], steps=80)
    for round_ in range(6):
        with torch.no_grad():
            z = model(x[test])
            p = model(x[unlabelled]).sigmoid()
        confident = (p - 0.5).abs() > 0.3
        print(
            f"round {round_}: loss {loss:.4f}, test accuracy {accuracy_score(y[test], z > 0):.4f}, "
            f"AUC {roc_auc_score(y[test], z):.4f}, loss {F.binary_cross_entropy_with_logits(z, y[test]):.4f}, "
            f"{int(confident.sum())} pseudo-labels"
        )
        if round_ == 5:
            break
        inputs = torch.cat([x[given], x[unlabelled][confident]])
        targets = torch.cat([y[given], (p[confident] > 0.5).float()])
        model, loss = fit(inputs, targets)


@case("healthy")
def credit_out_of_fold_threshold(seed: int) -> None:
    table = load("credit_data").distinct()
    df = pd.get_dummies(table.features.dropna(subset=table.categorical), columns=table.categorical, dtype=float)
    X = df.to_numpy(dtype=np.float32)
    y = table.labels[table.features[table.categorical].notna().all(axis=1)].astype(np.float32)
    X_dev, X_test, y_dev, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)

    def fit_predict(X_fit, y_fit, *others):
        scaler = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(X_fit)
        inputs, targets = torch.from_numpy(scaler.transform(X_fit)), torch.from_numpy(y_fit)
        net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 1), nn.Flatten(0))
        optimizer = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=5e-4)
        for epoch in range(15):
            if epoch == 10:
                optimizer.param_groups[0]["lr"] = 1e-3
            for rows in torch.randperm(len(inputs)).split(128):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(net(inputs[rows]), targets[rows]).backward()
                optimizer.step()
        net.eval()
        with torch.no_grad():
            return [net(torch.from_numpy(scaler.transform(o))).sigmoid().numpy() for o in (X_fit, *others)]

    torch.manual_seed(seed)
    oof = np.zeros(len(y_dev), dtype=np.float32)
    for k, (fit, held) in enumerate(StratifiedKFold(4, shuffle=True, random_state=seed).split(X_dev, y_dev)):
        p_fit, oof[held] = fit_predict(X_dev[fit], y_dev[fit], X_dev[held])
        print(
            f"fold {k}: log loss {log_loss(y_dev[fit], p_fit):.4f} / {log_loss(y_dev[held], oof[held]):.4f}, "
            f"AUC {roc_auc_score(y_dev[held], oof[held]):.4f}"
        )
    grid = np.linspace(0.05, 0.95, 91)
    threshold = grid[np.argmax([f1_score(y_dev, oof >= t) for t in grid])]
    print(f"out of fold: AUC {roc_auc_score(y_dev, oof):.4f}, best F1 at {threshold:.2f}")
    _, p_test = fit_predict(X_dev, y_dev, X_test)
    print(
        f"test: AUC {roc_auc_score(y_test, p_test):.4f}, F1 {f1_score(y_test, p_test >= threshold):.4f}, "
        f"balanced accuracy {balanced_accuracy_score(y_test, p_test >= threshold):.4f}"
    )


@case("healthy")
def population_of_settings_with_final_test(seed: int) -> None:
    @dataclass
    class Trial:
        width: int
        lr: float
        dropout: float
        decay: float
        score: float = math.inf
        state: dict = field(default_factory=dict)

        def network(self, inputs):
            return nn.Sequential(
                nn.Linear(inputs, self.width),
                nn.ReLU(),
                nn.Dropout(self.dropout),
                nn.Linear(self.width, 1),
                nn.Flatten(0),
            )

    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    table = load("spambase").distinct()
    order = rng.permutation(len(table.labels))
    rows = {"train": order[:2500], "valid": order[2500:3300], "test": order[3300:]}
    raw = np.sqrt(table.numbers)
    mu, sd = raw[rows["train"]].mean(0), raw[rows["train"]].std(0)
    X = {k: torch.tensor((raw[r] - mu) / sd, dtype=torch.float32) for k, r in rows.items()}
    Y = {k: torch.tensor(table.labels[r], dtype=torch.float32) for k, r in rows.items()}

    population = [
        Trial(
            int(rng.choice([16, 32, 64])), 10 ** rng.uniform(-2.7, -2), rng.uniform(0.1, 0.5), 10 ** rng.uniform(-4, -2)
        )
        for _ in range(6)
    ]
    for number, trial in enumerate(population):
        net = trial.network(X["train"].shape[1])
        optimizer = torch.optim.AdamW(net.parameters(), lr=trial.lr, weight_decay=trial.decay)
        for _epoch in range(12):
            net.train()
            for batch in torch.randperm(len(X["train"])).split(100):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(net(X["train"][batch]), Y["train"][batch]).backward()
                optimizer.step()
            net.eval()
            with torch.no_grad():
                current = F.binary_cross_entropy_with_logits(net(X["valid"]), Y["valid"]).item()
            if current < trial.score:
                trial.score = current
                trial.state = {k: v.clone() for k, v in net.state_dict().items()}
        print(
            f"trial {number}: width {trial.width}, lr {trial.lr:.4f}, dropout {trial.dropout:.2f}, "
            f"decay {trial.decay:.5f}: validation loss {trial.score:.4f} (last {current:.4f})"
        )
    winner = min(population, key=lambda t: t.score)
    net = winner.network(X["train"].shape[1])
    net.load_state_dict(winner.state)
    net.eval()
    with torch.no_grad():
        z = net(X["test"])
    print(
        f"winner on the test rows: loss {F.binary_cross_entropy_with_logits(z, Y['test']).item():.4f}, "
        f"AUC {roc_auc_score(Y['test'], z):.4f}, accuracy {accuracy_score(Y['test'], z > 0):.4f}"
    )


@case("healthy")
def circles_with_functions_and_own_adam(seed: int) -> None:
    x, y, x_dev, y_dev = data("circles", seed)
    g = torch.Generator().manual_seed(seed)

    def layer(fan_in, fan_out):
        return [torch.randn(fan_in, fan_out, generator=g) * (2 / fan_in) ** 0.5, torch.zeros(fan_out)]

    def forward(theta, a):
        w1, b1, w2, b2, w3, b3 = theta
        return (F.relu(F.relu(a @ w1 + b1) @ w2 + b2) @ w3 + b3)[:, 0]

    def nll(theta, a, t):
        z = forward(theta, a)
        return (F.softplus(z) - t * z).mean()

    theta = [p.requires_grad_() for p in [*layer(2, 24), *layer(24, 24), *layer(24, 1)]]
    first, second = [torch.zeros_like(p) for p in theta], [torch.zeros_like(p) for p in theta]
    t = 0
    for epoch in range(25):
        for idx in torch.randperm(len(x), generator=g).split(50):
            t += 1
            grads = torch.autograd.grad(nll(theta, x[idx], y[idx]), theta)
            with torch.no_grad():
                for p, d, m, v in zip(theta, grads, first, second, strict=False):
                    m.mul_(0.9).add_(d, alpha=0.1)
                    v.mul_(0.999).addcmul_(d, d, value=0.001)
                    p.sub_(5e-3 * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8))
        if epoch % 4 == 0:
            with torch.no_grad():
                guess = forward(theta, x_dev) > 0
                print(
                    f"{epoch:2d}: {nll(theta, x, y).item():.4f} {nll(theta, x_dev, y_dev).item():.4f} "
                    f"{(guess == y_dev.bool()).float().mean().item():.3f}"
                )


@case("healthy")
def graph_communities_two_convolutions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 600
    group = rng.integers(0, 2, n)
    same = group[:, None] == group[None, :]
    upper = np.triu(rng.random((n, n)) < np.where(same, 0.02, 0.006), 1)
    adjacency = torch.tensor((upper | upper.T) + np.eye(n), dtype=torch.float32)
    root = adjacency.sum(1).rsqrt()
    propagate = root[:, None] * adjacency * root[None, :]
    features = torch.tensor(rng.normal(size=(n, 8)) + 0.35 * (2 * group[:, None] - 1) * (np.arange(8) < 4)).float()
    target = torch.tensor(group)
    nodes = torch.tensor(rng.permutation(n))
    train, valid, test = nodes[:240], nodes[240:360], nodes[360:]

    class GCN(nn.Module):
        def __init__(self, inputs, hidden):
            super().__init__()
            self.w = nn.ModuleList([nn.Linear(inputs, hidden), nn.Linear(hidden, 2)])

        def forward(self, h, p):
            h = F.relu(p @ self.w[0](F.dropout(h, 0.3, self.training)))
            return p @ self.w[1](F.dropout(h, 0.3, self.training))

    torch.manual_seed(seed)
    model = GCN(8, 16)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=2e-3)
    best, keep = math.inf, None
    for epoch in range(120):
        model.train()
        loss = F.cross_entropy(model(features, propagate)[train], target[train])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            out = model(features, propagate)
        val = F.cross_entropy(out[valid], target[valid]).item()
        if val < best:
            best, keep = val, {k: v.clone() for k, v in model.state_dict().items()}
        if epoch % 15 == 14:
            right = out.argmax(1) == target
            print(
                f"{epoch + 1}: loss {loss.item():.4f}, val {val:.4f}, accuracy {right[train].float().mean():.3f} "
                f"/ {right[valid].float().mean():.3f}"
            )
    model.load_state_dict(keep)
    model.eval()
    with torch.no_grad():
        out = model(features, propagate)[test]
    print(
        f"test accuracy {(out.argmax(1) == target[test]).float().mean():.3f}, "
        f"AUC {roc_auc_score(target[test], out[:, 1] - out[:, 0]):.3f}"
    )


@case("healthy")
def generator_of_extra_unlabelled_signals(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X, y = make_classification(
        1800, 12, n_informative=6, n_redundant=3, class_sep=1.5, n_clusters_per_class=2, flip_y=0.02, random_state=seed
    )
    order = rng.permutation(len(y))
    train, valid = order[:1200], order[1200:]
    X = torch.tensor((X - X[train].mean(0)) / X[train].std(0), dtype=torch.float32)
    y = torch.tensor(y)

    body = nn.Sequential(nn.Linear(12, 64), nn.LeakyReLU(0.2), nn.Linear(64, 32), nn.LeakyReLU(0.2))
    classes, realness = nn.Linear(32, 2), nn.Linear(32, 1)
    generator = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 12))
    opt_d = torch.optim.Adam(
        [*body.parameters(), *classes.parameters(), *realness.parameters()], lr=2e-3, betas=(0.5, 0.999)
    )
    opt_g = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
    anneal = torch.optim.lr_scheduler.CosineAnnealingLR(opt_d, 20)
    for epoch in range(20):
        for rows in np.array_split(rng.permutation(train), 20):
            real, fake = X[rows], generator(torch.randn(len(rows), 8))
            h = body(real)
            supervised = F.cross_entropy(classes(h), y[rows])
            adversarial = F.softplus(-realness(h)).mean() + F.softplus(realness(body(fake.detach()))).mean()
            opt_d.zero_grad()
            (supervised + 0.1 * adversarial).backward()
            opt_d.step()

            g_loss = F.softplus(-realness(body(fake))).mean()
            opt_g.zero_grad()
            g_loss.backward()
            opt_g.step()
        anneal.step()
        with torch.no_grad():
            logits = classes(body(X[valid]))
            val = F.cross_entropy(logits, y[valid]).item()
        if epoch % 3 == 1:
            print(
                f"epoch {epoch}: class {supervised.item():.4f} d {adversarial.item():.3f} g {g_loss.item():.3f} | "
                f"val loss {val:.4f} acc {(logits.argmax(1) == y[valid]).float().mean().item():.4f} "
                f"auc {roc_auc_score(y[valid], logits.softmax(1)[:, 1]):.4f}"
            )
