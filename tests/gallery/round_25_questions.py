import math
import string
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from case import case, data
from imblearn.over_sampling import RandomOverSampler
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    classification_report,
    f1_score,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


def table(name):
    """A raw data frame without exact duplicates, and its 0/1 label."""
    t = load(name).distinct()
    return t.features.copy(), t.labels.copy()


def read_splice():
    df = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    lookup = {c: i for i, c in enumerate("ACGT")}
    codes = np.array([[lookup.get(c, 0) for c in s] for s in df["sequence"]])
    return codes, df["is_junction"].to_numpy()


def read_names():
    df = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    df = df.drop_duplicates("name", keep=False)
    return df["name"].str.lower().tolist(), (df["list"] == "M").astype(int).to_numpy()


# ------------------------------------------------------------------------------------------------ the loop, the model


@case("no_zero_grad")
def homework_spam_mlp_sums_gradients(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(20):
        order = torch.randperm(len(x_train))
        total = 0.0
        for i in range(0, len(order), 64):
            b = order[i : i + 64]
            loss = criterion(net(x_train[b]).squeeze(1), y_train[b])
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
        print(f"epoch {epoch}: loss {total / len(order):.4f}")
    with torch.no_grad():
        p = torch.sigmoid(net(x_val).squeeze(1))
    print("val bal acc", balanced_accuracy_score(y_val, p > 0.5), "auc", roc_auc_score(y_val, p.nan_to_num(0.5)))


@case("optimizer_wrong_params")
def width_search_forgets_new_optimizer(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_digits(return_X_y=True)
    y = (y % 2).astype("float32")
    Xtr, Xva, ytr, yva = train_test_split(X / 16.0, y, test_size=0.3, random_state=seed, stratify=y)
    Xtr, Xva = torch.tensor(Xtr, dtype=torch.float32), torch.tensor(Xva, dtype=torch.float32)
    ytr, yva = torch.tensor(ytr)[:, None], torch.tensor(yva)[:, None]

    def make(width):
        return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 1))

    model = make(16)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=32, shuffle=True)
    for width in (32, 64):
        model = make(width)
        for _epoch in range(12):
            model.train()
            running = 0.0
            for xb, yb in loader:
                optimizer.zero_grad()
                loss = loss_fn(model(xb), yb)
                loss.backward()
                optimizer.step()
                running += loss.item()
        model.eval()
        with torch.no_grad():
            acc = ((model(Xva) > 0).float() == yva).float().mean().item()
        print(f"hidden={width}  loss {running / len(loader):.3f}  val acc {acc:.3f}")


@case("shape_broadcast")
def churn_mse_probability_regression(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xte, yte = data("mlc_churn", seed)

    class ChurnNet(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.fc1, self.fc2, self.out = nn.Linear(d, 64), nn.Linear(64, 32), nn.Linear(32, 1)

        def forward(self, x):
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            return torch.sigmoid(self.out(x))

    net = ChurnNet(xtr.shape[1])
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(15):
        net.train()
        losses = []
        for xb, yb in DataLoader(TensorDataset(xtr, ytr), batch_size=50, shuffle=True):
            err = net(xb) - yb
            loss = (err**2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print(f"[{epoch + 1:02d}] mse={np.mean(losses):.4f}")
    net.eval()
    with torch.no_grad():
        prob = net(xte).numpy().ravel()
    print("AUC", round(roc_auc_score(yte, prob), 3), "recall", recall_score(yte, prob > 0.5))


@case("graph_detached")
def names_gru_hidden_state_as_data(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = read_names()
    a, b, ya, yb_ = train_test_split(names, y, test_size=0.25, random_state=seed, stratify=y)
    abc = {c: i + 1 for i, c in enumerate(string.ascii_lowercase)}

    def batch(rows, labels):
        seqs = [torch.tensor([abc[c] for c in r]) for r in rows]
        return pad_sequence(seqs, batch_first=True), torch.tensor([len(s) for s in seqs]), torch.tensor(labels).float()

    class NameRNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 12, padding_idx=0)
            self.rnn = nn.GRU(12, 24, batch_first=True)
            self.head = nn.Linear(24, 1)

        def forward(self, x, n):
            packed = pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
            _, h = self.rnn(packed)
            return self.head(h[-1].data).squeeze(-1)

    model = NameRNN()
    optim = torch.optim.Adam(model.parameters(), lr=0.01)
    xv, nv, yv = batch(b, yb_)
    for epoch in range(6):
        perm = np.random.default_rng(seed + epoch).permutation(len(a))
        tot = 0.0
        for k in range(0, len(perm), 64):
            idx = perm[k : k + 64]
            xb, nb, tb = batch([a[i] for i in idx], ya[idx])
            optim.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb, nb), tb)
            loss.backward()
            optim.step()
            tot += loss.item() * len(idx)
        with torch.no_grad():
            z = model(xv, nv)
        vl = F.binary_cross_entropy_with_logits(z, yv).item()
        print(f"{epoch} train {tot / len(a):.3f} val {vl:.3f} val AUC {roc_auc_score(yv, z):.3f}")


@case("unregistered_params")
def textcnn_splice_kernel_list(seed: int) -> None:
    torch.manual_seed(seed)
    codes, y = read_splice()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, random_state=seed, stratify=y)
    X, Y = torch.tensor(codes[:, 22:40]), torch.tensor(y, dtype=torch.float32)

    class TextCNN(nn.Module):
        """Kim (2014), kernels of several widths, max over time."""

        def __init__(self, vocab=4, dim=8, maps=6, widths=(3, 5, 7)):
            super().__init__()
            self.embed = nn.Embedding(vocab, dim)
            self.convs = []
            for w in widths:
                self.convs.append(nn.Conv1d(dim, maps, w, padding=w // 2))
            self.fc = nn.Linear(maps * len(widths), 1)

        def forward(self, x):
            e = self.embed(x).transpose(1, 2)
            pooled = [F.relu(c(e)).amax(dim=2) for c in self.convs]
            return self.fc(torch.cat(pooled, dim=1)).squeeze(1)

    net = TextCNN()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for ep in range(10):
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X[b]), Y[b])
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net(X[va])
        print(f"epoch {ep} loss {loss.item():.3f} val acc {((z > 0) == Y[va].bool()).float().mean():.3f} "
              f"AUC {roc_auc_score(Y[va], z):.3f}")


@case("wrong_axis")
def digit_rows_as_sequence_lstm(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32) / 16
    target = torch.tensor(digits.target >= 5).long()
    itr, iva = train_test_split(np.arange(len(target)), test_size=0.3, random_state=seed, stratify=target)

    class RowLSTM(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(input_size=8, hidden_size=32, num_layers=1)
            self.fc = nn.Linear(32, 2)

        def forward(self, x):
            out, _ = self.lstm(x)
            return self.fc(out[:, -1, :])

    model = RowLSTM()
    crit = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    train = DataLoader(TensorDataset(images[itr], target[itr]), batch_size=32, shuffle=True)
    valid = DataLoader(TensorDataset(images[iva], target[iva]), batch_size=32)
    for epoch in range(15):
        model.train()
        for xb, yb in train:
            loss = crit(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        hits = n = 0
        with torch.no_grad():
            for xb, yb in valid:
                hits += (model(xb).argmax(1) == yb).sum().item()
                n += len(yb)
        print(f"epoch {epoch + 1} loss {loss.item():.4f} validation accuracy {hits / n:.3f}")


@case("padding_not_masked")
def names_rnn_last_step_of_fixed_length(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = read_names()
    MAXLEN = 40
    alphabet = "_" + string.ascii_lowercase

    class Names(Dataset):
        def __init__(self, rows, labels):
            self.rows, self.labels = rows, labels

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            ids = [alphabet.index(c) for c in self.rows[i]]
            return torch.tensor(ids + [0] * (MAXLEN - len(ids))), torch.tensor(float(self.labels[i]))

    tr_n, va_n, tr_y, va_y = train_test_split(names, y, test_size=0.25, random_state=seed, stratify=y)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(27, 16, padding_idx=0)
            self.rnn = nn.RNN(16, 32, batch_first=True)
            self.linear = nn.Linear(32, 1)

        def forward(self, x):
            states, _ = self.rnn(self.embedding(x))
            last = states[:, -1]
            return self.linear(last)[:, 0]

    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    bce = nn.BCEWithLogitsLoss()
    dl_tr = DataLoader(Names(tr_n, tr_y), batch_size=64, shuffle=True)
    dl_va = DataLoader(Names(va_n, va_y), batch_size=512)
    for epoch in range(6):
        for xb, yb in dl_tr:
            optimizer.zero_grad()
            loss = bce(model(xb), yb)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        with torch.no_grad():
            z = torch.cat([model(xb) for xb, _ in dl_va])
        print(epoch, "loss", round(loss.item(), 3), "val auc", round(roc_auc_score(va_y, z), 3))


@case("functional_dropout")
def digits_parity_functional_style(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_digits(return_X_y=True)
    y = y % 2
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    X_train = torch.tensor(X_train / 16, dtype=torch.float32)
    X_test = torch.tensor(X_test / 16, dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32)

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(64, 64)
            self.b = nn.Linear(64, 32)
            self.c = nn.Linear(32, 1)

        def forward(self, x):
            x = F.dropout(x, p=0.5)
            x = F.dropout(F.relu(self.a(x)), p=0.5)
            x = F.dropout(F.relu(self.b(x)), p=0.5)
            return torch.sigmoid(self.c(x)).squeeze(-1)

    clf = Classifier()
    opt = torch.optim.Adam(clf.parameters(), lr=0.003)
    for _epoch in range(40):
        clf.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy(clf(xb), yb)
            loss.backward()
            opt.step()
    clf.eval()
    with torch.no_grad():
        for attempt in range(3):
            p = clf(X_test).numpy()
            print(f"run {attempt}: test balanced accuracy {balanced_accuracy_score(y_test, p > 0.5):.3f}")


@case("argmax_single_output")
def sms_bag_of_words_torch_max(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("sms_spam")
    text_tr, text_te, y_tr, y_te = train_test_split(frame["text"], y, test_size=0.25, random_state=seed, stratify=y)
    vec = CountVectorizer(max_features=800, binary=True)
    x_tr = torch.tensor(vec.fit_transform(text_tr).toarray(), dtype=torch.float32)
    x_te = torch.tensor(vec.transform(text_te).toarray(), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr, dtype=torch.float32), torch.tensor(y_te)
    model = nn.Sequential(nn.Linear(x_tr.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(x_tr, y_tr), batch_size=64, shuffle=True)
    for epoch in range(8):
        model.train()
        running_loss = 0.0
        for inputs, labels in loader:
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, labels.unsqueeze(1))
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        print(f"Epoch {epoch + 1} loss: {running_loss / len(loader):.4f}")
    model.eval()
    with torch.no_grad():
        outputs = model(x_te)
        _, predicted = torch.max(outputs, 1)
    print("Accuracy:", (predicted == y_te).float().mean().item())
    print(classification_report(y_te, predicted, zero_division=0))


@case("accuracy_broadcast")
def spambase_full_batch_accuracy_line(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 20), nn.Tanh(), nn.Linear(20, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=0.02, weight_decay=0.05)
    for step in range(120):
        logit = net(x)
        loss = F.binary_cross_entropy_with_logits(logit.flatten(), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        if step % 20 == 19:
            with torch.no_grad():
                guess = torch.round(torch.sigmoid(net(xv)))
                acc = (guess == yv).float().mean()
                vloss = F.binary_cross_entropy_with_logits(net(xv).flatten(), yv)
            print(f"step {step + 1}: loss {loss:.3f}, val loss {vloss:.3f}, val acc {acc:.3f}")


@case("threshold_on_logits")
def credit_default_two_outputs_cut(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("credit_data", seed)

    class Risk(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(d, 16), nn.ELU(), nn.Dropout(0.2), nn.Linear(16, 2))

        def forward(self, x):
            return self.net(x)

    model = Risk(xtr.shape[1])
    counts = torch.bincount(ytr.long())
    crit = nn.CrossEntropyLoss(weight=len(ytr) / (2.0 * counts))
    optim = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _epoch in range(25):
        model.train()
        for i in torch.randperm(len(xtr)).split(64):
            optim.zero_grad()
            crit(model(xtr[i]), ytr[i].long()).backward()
            optim.step()
    model.eval()
    with torch.no_grad():
        out = model(xva)
        pred = (out[:, 1] > 0.5).long()
    print("val loss", crit(out, yva.long()).item())
    print("recall of bad loans", recall_score(yva, pred), "balanced accuracy", balanced_accuracy_score(yva, pred))


@case("softmax_single_output")
def mushroom_softmax_head(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")
    y = (df.pop("class") == "p").astype("float32").to_numpy()
    X = pd.get_dummies(df.drop(columns=["odor"])).to_numpy(dtype="float32")
    Xt, Xv, yt, yv = train_test_split(X, y, test_size=0.2, random_state=seed, stratify=y)
    model = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Softmax(dim=1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    loss_function = nn.BCELoss()
    train_loader = DataLoader(
        TensorDataset(torch.from_numpy(Xt), torch.from_numpy(yt).reshape(-1, 1)), batch_size=100, shuffle=True
    )
    for epoch in range(6):
        for batch_x, batch_y in train_loader:
            optimizer.zero_grad()
            prediction = model(batch_x)
            loss = loss_function(prediction, batch_y)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            prob = model(torch.from_numpy(Xv)).numpy()[:, 0]
        print(f"Epoch {epoch}: loss {loss.item():.4f}, val accuracy {((prob > 0.5) == yv).mean():.4f}, "
              f"bal {balanced_accuracy_score(yv, prob > 0.5):.3f}")


# -------------------------------------------------------------------------------------------------------- the dynamics


@case("lr_too_high")
def splice_bilstm_adam(seed: int) -> None:
    torch.manual_seed(seed)
    codes, y = read_splice()
    X = F.one_hot(torch.tensor(codes), 4).float()[:, 20:42]
    Y = torch.tensor(y, dtype=torch.float32)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, random_state=seed, stratify=y)

    class BiGRU(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(4, 24, batch_first=True, bidirectional=True)
            self.out = nn.Linear(48, 1)

        def forward(self, x):
            _, h = self.rnn(x)
            return self.out(torch.cat([h[0], h[1]], dim=1)).squeeze(1)

    model = BiGRU()
    opt = torch.optim.Adam(model.parameters(), lr=0.3)
    for epoch in range(10):
        model.train()
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(64):
            loss = F.binary_cross_entropy_with_logits(model(X[b]), Y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(X[va])
            print(f"{epoch:2d} loss {F.binary_cross_entropy_with_logits(z, Y[va]):.3f} "
                  f"AUC {roc_auc_score(Y[va], z):.3f} bal {balanced_accuracy_score(Y[va], z > 0):.3f}")


@case("lr_too_low")
def keras_port_sgd_many_epochs(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xt, yt = data("spambase", seed)
    model = nn.Sequential(nn.Linear(x.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-5)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(x, y.unsqueeze(1)), batch_size=32, shuffle=True)
    for epoch in range(60):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                out = model(xt)
            print(f"epoch {epoch + 1} val_loss {criterion(out, yt.unsqueeze(1)):.4f} "
                  f"val_bal {balanced_accuracy_score(yt, out > 0):.3f} auc {roc_auc_score(yt, out):.3f}")


@case("undertrained")
def churn_two_epochs_big_batches(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("mlc_churn")
    frame = pd.get_dummies(frame.drop(columns=["state"]), drop_first=True).astype(float)
    xa, xb, ya, yb = train_test_split(frame.to_numpy(), y, test_size=0.25, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(xa)
    xa, xb = (torch.tensor(scaler.transform(v), dtype=torch.float32) for v in (xa, xb))
    ya, yb = torch.tensor(ya, dtype=torch.float32), torch.tensor(yb, dtype=torch.float32)

    @dataclass
    class Config:
        hidden: int = 64
        lr: float = 1e-3
        batch: int = 512
        epochs: int = 2

    cfg = Config()
    net = nn.Sequential(nn.Linear(xa.shape[1], cfg.hidden), nn.ReLU(), nn.Linear(cfg.hidden, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(6.0))
    for epoch in range(cfg.epochs):
        for idx in torch.randperm(len(xa)).split(cfg.batch):
            opt.zero_grad()
            loss = crit(net(xa[idx]), ya[idx])
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net(xb)
        if epoch % 10 == 1:
            print(f"epoch {epoch}: train {loss:.3f} val {crit(z, yb):.3f}")
    print(f"AUC {roc_auc_score(yb, z):.3f}, balanced accuracy {balanced_accuracy_score(yb, z > 0):.3f}")


@case("scheduler_misuse")
def digits_cnn_steplr_in_batch_loop(seed: int) -> None:
    torch.manual_seed(seed)
    d = load_digits()
    img = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) / 16
    lab = torch.tensor(d.target % 2)
    tr, te = train_test_split(np.arange(len(lab)), test_size=0.3, random_state=seed, stratify=lab)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 2),
    )  # fmt: skip
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=10, gamma=0.5)
    train_loader = DataLoader(TensorDataset(img[tr], lab[tr]), batch_size=32, shuffle=True)
    for epoch in range(20):
        model.train()
        for images, labels in train_loader:
            opt.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            opt.step()
            sched.step()
        model.eval()
        with torch.no_grad():
            out = model(img[te])
        print(f"Epoch {epoch + 1}: loss {F.cross_entropy(out, lab[te]):.3f} "
              f"acc {(out.argmax(1) == lab[te]).float().mean():.3f}")


@case("vanishing_gradients")
def deep_sigmoid_stack_on_cancer(seed: int) -> None:
    torch.manual_seed(seed)
    ds = load_breast_cancer()
    xtr, xva, ytr, yva = train_test_split(ds.data, ds.target, test_size=0.3, random_state=seed, stratify=ds.target)
    scaler = StandardScaler().fit(xtr)
    xtr = torch.tensor(scaler.transform(xtr)).float()
    xva = torch.tensor(scaler.transform(xva)).float()
    ytr, yva = torch.tensor(ytr).float(), torch.tensor(yva).float()
    layers, width = [], 30
    for _ in range(10):
        layers += [nn.Linear(width, 32), nn.Sigmoid()]
        width = 32
    layers += [nn.Linear(width, 1)]
    net = nn.Sequential(*layers)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(60):
        for b in torch.randperm(len(xtr)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xtr[b]).squeeze(), ytr[b])
            loss.backward()
            opt.step()
        if epoch % 15 == 14:
            with torch.no_grad():
                z = net(xva).squeeze()
            print(epoch + 1, f"loss {loss.item():.4f}", f"val bal acc {balanced_accuracy_score(yva, z > 0):.3f}")


@case("bad_init")
def adult_mlp_normal_start(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(4000, random_state=seed)
    y = df.pop("income_gt_50k").to_numpy()
    num = df.select_dtypes("number").columns
    cat = df.columns.difference(num)
    prep = make_column_transformer(
        (StandardScaler(), list(num)), (OneHotEncoder(handle_unknown="ignore", sparse_output=False), list(cat))
    )
    a, b, ya, yb = train_test_split(df, y, test_size=0.3, random_state=seed, stratify=y)
    a, b = prep.fit_transform(a).astype("float32"), prep.transform(b).astype("float32")
    a, b, ya = torch.from_numpy(a), torch.from_numpy(b), torch.from_numpy(ya).float()

    class Mlp(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(d, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
            self.head = nn.Linear(32, 1)
            for m in self.modules():
                if isinstance(m, nn.Linear):
                    nn.init.normal_(m.weight, std=4.0)
                    nn.init.zeros_(m.bias)

        def forward(self, x):
            return self.head(self.body(x))[:, 0]

    net = Mlp(a.shape[1])
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
    for epoch in range(6):
        tot = 0.0
        for i in torch.randperm(len(a)).split(64):
            loss = F.binary_cross_entropy_with_logits(net(a[i]), ya[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(i)
        with torch.no_grad():
            z = net(b).numpy()
        print(f"epoch {epoch} loss {tot / len(a):.3f} auc {roc_auc_score(yb, z):.3f} "
              f"f1 {f1_score(yb, z > 0):.3f}")


@case("regularisation_too_strong")
def churn_net_heavy_decay(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("mlc_churn", seed)
    w = (ytr == 0).sum() / (ytr == 1).sum()

    def build(d, widths=(64, 32), p=0.1):
        mods = []
        for h in widths:
            mods += [nn.Linear(d, h), nn.ReLU(), nn.Dropout(p)]
            d = h
        return nn.Sequential(*mods, nn.Linear(d, 1))

    net = build(xtr.shape[1])
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=0.3)
    lossf = nn.BCEWithLogitsLoss(pos_weight=w)
    for ep in range(8):
        net.train()
        for idx in torch.randperm(len(xtr)).split(32):
            opt.zero_grad()
            loss = lossf(net(xtr[idx]).view(-1), ytr[idx])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            zt, zv = net(xtr).view(-1), net(xva).view(-1)
        print(f"ep {ep:2d} train {lossf(zt, ytr):.3f} val {lossf(zv, yva):.3f} "
              f"auc {roc_auc_score(yva, zv):.3f} bal {balanced_accuracy_score(yva, zv > 0):.3f}")


@case("overfitting")
def credit_wide_net_sixty_epochs(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(xtr.shape[1], 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(xtr, ytr), batch_size=64, shuffle=True)
    history = {"loss": [], "val_loss": [], "val_auc": []}
    for _epoch in range(60):
        model.train()
        losses = []
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            z = model(xva).squeeze(1)
        history["loss"].append(np.mean(losses))
        history["val_loss"].append(criterion(z, yva).item())
        history["val_auc"].append(roc_auc_score(yva, z))
    for name, values in history.items():
        print(name, [round(float(v), 3) for v in values[::10]], round(float(values[-1]), 3))


@case("no_nonlinearity")
def digits_parity_linear_tower(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_digits(return_X_y=True)
    X, y = X.astype("float32") / 16, y % 2
    Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(64, 100)
            self.fc2 = nn.Linear(100, 50)
            self.fc3 = nn.Linear(50, 2)

        def forward(self, x):
            x = self.fc1(x)
            x = self.fc2(x)
            return self.fc3(x)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    ce = nn.CrossEntropyLoss()
    Xtr, Xte, ytr = torch.from_numpy(Xtr), torch.from_numpy(Xte), torch.from_numpy(ytr)
    for _epoch in range(25):
        for b in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            loss = ce(net(Xtr[b]), ytr[b])
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = net(Xte)
    print(f"train loss {loss.item():.3f}")
    print(f"test accuracy {(out.argmax(1).numpy() == yte).mean():.3f}, "
          f"AUC {roc_auc_score(yte, (out[:, 1] - out[:, 0]).numpy()):.3f}")


@case("batchnorm_stats")
def spam_batchnorm_as_input_scaling(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("spambase", seed, raw=True)

    class Block(nn.Module):
        def __init__(self, i, o):
            super().__init__()
            self.lin, self.bn = nn.Linear(i, o), nn.BatchNorm1d(o, momentum=0.001, eps=1e-3)

        def forward(self, x):
            return torch.relu(self.bn(self.lin(x)))

    d = xtr.shape[1]
    net = nn.Sequential(nn.BatchNorm1d(d, momentum=0.001, eps=1e-3), Block(d, 48), Block(48, 24), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(xtr, ytr), batch_size=64, shuffle=True, drop_last=True)
    for epoch in range(10):
        net.train()
        tl = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
            tl += loss.item() / len(loader)
        net.eval()
        with torch.no_grad():
            z = net(xva).squeeze(1)
        print(f"{epoch}: loss {tl:.3f} val_loss {F.binary_cross_entropy_with_logits(z, yva):.3f} "
              f"val_bal {balanced_accuracy_score(yva, z > 0):.3f} auc {roc_auc_score(yva, z):.3f}")


# ------------------------------------------------------------------------------------------------------------ the data


@case("label_encoding")
def credit_status_codes_from_r(seed: int) -> None:
    torch.manual_seed(seed)
    frame, bad = table("credit_data")
    status = pd.Series(np.where(bad == 1, "bad", "good"))
    target = status.map({"good": 1, "bad": 2}).to_numpy()
    X = frame.select_dtypes("number")
    Xtr, Xte, ytr, yte = train_test_split(X, target, test_size=0.25, random_state=seed, stratify=target)
    pre = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    Xtr = torch.tensor(pre.fit_transform(Xtr), dtype=torch.float32)
    Xte = torch.tensor(pre.transform(Xte), dtype=torch.float32)
    ytr_t, yte_t = (torch.tensor(v, dtype=torch.float32).view(-1, 1) for v in (ytr, yte))
    net = nn.Sequential(nn.Linear(Xtr.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    lossf = nn.BCEWithLogitsLoss()
    for epoch in range(20):
        tot = 0
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr_t), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = lossf(net(xb), yb)
            loss.backward()
            opt.step()
            tot += loss.item()
        with torch.no_grad():
            z = net(Xte)
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1} loss {tot:.2f} val loss {lossf(z, yte_t).item():.3f} "
                  f"AUC {roc_auc_score(yte, z):.3f}")


@case("labels_misaligned")
def credit_dropna_then_numpy(seed: int) -> None:
    torch.manual_seed(seed)
    df, y = table("credit_data")
    X = df.dropna()
    X = pd.get_dummies(X, drop_first=True, dtype=float)
    y = y[: len(X)]
    x_train, x_test, y_train, y_test = train_test_split(X.values, y, test_size=0.2, random_state=seed, stratify=y)
    scaler = StandardScaler()
    x_train = torch.FloatTensor(scaler.fit_transform(x_train))
    x_test = torch.FloatTensor(scaler.transform(x_test))
    y_train, y_test = torch.FloatTensor(y_train), torch.FloatTensor(y_test)

    class CreditModel(nn.Module):
        def __init__(self, in_features):
            super().__init__()
            self.hidden = nn.Linear(in_features, 16)
            self.drop = nn.Dropout(0.3)
            self.out = nn.Linear(16, 1)

        def forward(self, x):
            return self.out(self.drop(F.relu(self.hidden(x)))).squeeze(1)

    model = CreditModel(x_train.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    for epoch in range(15):
        model.train()
        for ids in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            loss = criterion(model(x_train[ids]), y_train[ids])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            test_out = model(x_test)
            print(f"{epoch}: test loss {criterion(test_out, y_test):.4f} AUC {roc_auc_score(y_test, test_out):.3f}")


@case("class_weights_wrong")
def thyroid_weights_from_frequencies(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("hypothyroid", seed)
    y, yv = y.long(), yv.long()
    freq = torch.bincount(y).float() / len(y)
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    loss_fn = nn.CrossEntropyLoss(weight=freq)
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    ds = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    for _epoch in range(12):
        for xb, yb in ds:
            opt.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = model(xv)
    print("class weights", freq.tolist(), "val loss", loss_fn(out, yv).item())
    print("confusion", [[int(((out.argmax(1) == p) & (yv == t)).sum()) for p in (0, 1)] for t in (0, 1)],
          "balanced accuracy", round(balanced_accuracy_score(yv, out.argmax(1)), 3))


@case("unscaled_features")
def works_on_moons_not_on_loans(seed: int) -> None:
    torch.manual_seed(seed)
    xtr, ytr, xva, yva = data("credit_data", seed, raw=True)

    def train(x, y, epochs=20, lr=0.01):
        net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.Tanh(), nn.Linear(32, 1))
        opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
        for e in range(epochs):
            for xb, yb in DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True):
                loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(-1), yb)
                opt.zero_grad()
                loss.backward()
                opt.step()
            if e % 5 == 4:
                with torch.no_grad():
                    z = net(xva).squeeze(-1)
                print(f"epoch {e + 1}: batch loss {loss.item():.3f} val loss "
                      f"{F.binary_cross_entropy_with_logits(z, yva):.3f} AUC {roc_auc_score(yva, z):.3f} "
                      f"bal {balanced_accuracy_score(yva, z > 0):.3f}")
        return net

    train(xtr, ytr)


@case("preprocess_mismatch")
def sklearn_style_wrapper_predict(seed: int) -> None:
    torch.manual_seed(seed)

    class TorchClassifier:
        def __init__(self, hidden=16, epochs=40, lr=0.01):
            self.hidden, self.epochs, self.lr = hidden, epochs, lr

        def fit(self, X, y):
            self.scaler = MinMaxScaler()
            X = torch.tensor(self.scaler.fit_transform(X), dtype=torch.float32)
            y = torch.tensor(y, dtype=torch.float32)
            self.net = nn.Sequential(nn.Linear(X.shape[1], self.hidden), nn.ReLU(), nn.Linear(self.hidden, 1))
            opt = torch.optim.Adam(self.net.parameters(), lr=self.lr)
            for epoch in range(self.epochs):
                for b in torch.randperm(len(X)).split(32):
                    loss = F.binary_cross_entropy_with_logits(self.net(X[b]).squeeze(1), y[b])
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                if epoch % 10 == 9:
                    print("epoch", epoch + 1, "loss", round(loss.item(), 4))
            return self

        @torch.no_grad()
        def predict_proba(self, X):
            X = torch.tensor(X, dtype=torch.float32)
            return torch.sigmoid(self.net(X).squeeze(1)).numpy()

    X, y = load_breast_cancer(return_X_y=True)
    Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    clf = TorchClassifier().fit(Xtr, ytr)
    p = clf.predict_proba(Xte)
    print("test accuracy", ((p > 0.5) == yte).mean(), "balanced", balanced_accuracy_score(yte, p > 0.5))


@case("nan_loss")
def spambase_formula_from_the_lecture(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed)

    def bce(p, t):
        return -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()

    model = nn.Sequential(
        nn.Linear(x.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid()
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(15):
        running = []
        for b in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss = bce(model(x[b]).squeeze(1), y[b])
            loss.backward()
            optimizer.step()
            running.append(loss.item())
        with torch.no_grad():
            p = model(xv).squeeze(1)
        print(f"epoch {epoch}: loss {np.mean(running):.4f}, val accuracy {((p > 0.5) == yv.bool()).float().mean():.3f}")


@case("unshuffled_data")
def census_names_in_file_order(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = read_names()
    fold = np.arange(len(names)) % 5 == seed % 5
    vec = CountVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=3, binary=True)
    vec.fit([n for n, f in zip(names, fold, strict=True) if not f])
    X = torch.tensor(vec.transform(names).toarray(), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    train_dl = DataLoader(TensorDataset(X[~fold], y[~fold]), batch_size=32)
    val_x, val_y = X[fold], y[fold]
    model = nn.Sequential(nn.Linear(X.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(4):
        for xb, yb in train_dl:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb)
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = model(val_x)[:, 0]
        print(f"epoch {epoch}: last batch {loss.item():.4f} val {F.binary_cross_entropy_with_logits(z, val_y):.4f} "
              f"bal {balanced_accuracy_score(val_y, z > 0):.3f} auc {roc_auc_score(val_y, z):.3f}")


@case("data_leakage")
def credit_random_oversampler_first(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("credit_data")
    X = pd.get_dummies(frame, dtype=float)
    X = X.fillna(X.median()).to_numpy()
    X, y = RandomOverSampler(random_state=seed).fit_resample(X, y)
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    sc = StandardScaler().fit(Xtr)
    Xtr, Xva = torch.tensor(sc.transform(Xtr)).float(), torch.tensor(sc.transform(Xva)).float()
    ytr, yva = torch.tensor(ytr).float(), torch.tensor(yva).float()
    net = nn.Sequential(nn.Linear(Xtr.shape[1], 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(20):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr[:, None]), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net(Xva)[:, 0]
        print(f"epoch {epoch}: val loss {F.binary_cross_entropy_with_logits(z, yva):.3f} "
              f"val balanced acc {balanced_accuracy_score(yva, z > 0):.3f} val AUC {roc_auc_score(yva, z):.3f}")


@case("augmentation_too_heavy")
def six_or_nine_with_random_turns(seed: int) -> None:
    torch.manual_seed(seed)
    d = load_digits()
    keep = np.isin(d.target, (6, 9))
    images, labels = d.images[keep] / 16, (d.target[keep] == 9).astype(np.float32)
    tr, va = train_test_split(np.arange(len(labels)), test_size=0.3, random_state=seed, stratify=labels)

    class Augmented(Dataset):
        def __init__(self, rows):
            self.rows = rows

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            img = torch.tensor(images[self.rows[i]], dtype=torch.float32)[None]
            img = torch.rot90(img, int(torch.randint(0, 4, ())), dims=(1, 2))
            img = img + 0.05 * torch.randn_like(img)
            return img, torch.tensor(labels[self.rows[i]])

    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 16), nn.ReLU(),
        nn.Linear(16, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    vx = torch.tensor(images[va], dtype=torch.float32)[:, None]
    vy = torch.tensor(labels[va])
    for epoch in range(15):
        losses = []
        for xb, yb in DataLoader(Augmented(tr), batch_size=16, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
            losses.append(loss.item())
        with torch.no_grad():
            z = net(vx).squeeze(1)
        print(f"epoch {epoch}: loss {np.mean(losses):.3f} val acc {((z > 0) == vy.bool()).float().mean():.3f}")


@case("labels_single_class")
def mushroom_spelled_out_class(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")
    df["label"] = (df["class"] == "poisonous").astype(float)
    X = pd.get_dummies(df.drop(columns=["class", "label", "odor"])).to_numpy(dtype=np.float32)
    y = df["label"].to_numpy(dtype=np.float32)
    Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.25, random_state=seed)
    model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    dl = DataLoader(TensorDataset(torch.from_numpy(Xtr), torch.from_numpy(ytr)), batch_size=64, shuffle=True)
    for epoch in range(5):
        seen = right = 0
        for xb, yb in dl:
            p = model(xb)[:, 0]
            loss = F.binary_cross_entropy(p, yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            seen += len(yb)
            right += ((p > 0.5).float() == yb).sum().item()
        with torch.no_grad():
            test = model(torch.from_numpy(Xte))[:, 0].numpy()
        print(f"epoch {epoch} loss {loss.item():.5f} train acc {right / seen:.4f} "
              f"test acc {((test > 0.5) == yte).mean():.4f} predicted poisonous {(test > 0.5).mean():.3f}")


@case("weak_signal")
def churn_from_contract_and_call_counts(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("mlc_churn")
    rng = np.random.default_rng(seed)
    stay = rng.choice(np.flatnonzero(y == 0), (y == 1).sum(), replace=False)
    rows = np.concatenate([np.flatnonzero(y == 1), stay])
    cols = ["account_length", "total_day_calls", "total_eve_calls", "total_night_calls", "area_code"]
    X = pd.get_dummies(frame[cols], dtype=float).to_numpy()[rows]
    y = y[rows]
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    sc = StandardScaler().fit(Xtr)
    Xtr, Xva = torch.tensor(sc.transform(Xtr)).float(), torch.tensor(sc.transform(Xva)).float()
    ytr, yva = torch.tensor(ytr).float(), torch.tensor(yva).float()
    net = nn.Sequential(nn.Linear(Xtr.shape[1], 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
    for epoch in range(20):
        net.train()
        for b in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(Xtr[b]), ytr[b])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            zt, z = net(Xtr), net(Xva)
        print(f"epoch {epoch:2d} train {F.binary_cross_entropy_with_logits(zt, ytr):.3f} "
              f"val {F.binary_cross_entropy_with_logits(z, yva):.3f} AUC {roc_auc_score(yva, z):.3f}")


# ---------------------------------------------------------------------------------------------------------- done right


@case("healthy")
def spambase_log_counts_cosine(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("spambase")
    X_train, X_val, y_train, y_val = train_test_split(
        np.log1p(frame.to_numpy()), y, test_size=0.25, random_state=seed, stratify=y
    )
    scaler = StandardScaler().fit(X_train)
    X_train = torch.tensor(scaler.transform(X_train), dtype=torch.float32)
    X_val = torch.tensor(scaler.transform(X_val), dtype=torch.float32)
    t_train, t_val = torch.tensor(y_train, dtype=torch.float32), torch.tensor(y_val, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 48), nn.GELU(), nn.Dropout(0.4), nn.Linear(48, 1), nn.Flatten(0))
    epochs, bs = 14, 64
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs * math.ceil(len(X_train) / bs))
    for epoch in range(epochs):
        model.train()
        tot = 0.0
        for b in torch.randperm(len(X_train)).split(bs):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[b]), t_train[b])
            loss.backward()
            opt.step()
            sched.step()
            tot += loss.item() * len(b)
        model.eval()
        with torch.inference_mode():
            z = model(X_val)
        print(f"{epoch:2d} train {tot / len(X_train):.4f} val {F.binary_cross_entropy_with_logits(z, t_val):.4f} "
              f"AUC {roc_auc_score(y_val, z):.4f} acc {((z > 0) == t_val.bool()).float().mean():.4f}")


@case("healthy")
def sms_embedding_bag_with_offsets(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("sms_spam")
    tokens = [text.lower().replace(".", " ").replace(",", " ").split() for text in frame["text"]]
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, random_state=seed, stratify=y)
    counts = Counter(w for i in tr for w in tokens[i])
    vocab = {w: k + 1 for k, w in enumerate(w for w, c in counts.items() if c >= 3)}
    ids = [[vocab.get(w, 0) for w in t] or [0] for t in tokens]

    def collate(rows):
        flat = torch.tensor([j for i in rows for j in ids[i]])
        starts = torch.tensor([0] + [len(ids[i]) for i in rows[:-1]]).cumsum(0)
        return flat, starts, torch.tensor([float(y[i]) for i in rows])

    class Bag(nn.Module):
        def __init__(self, size, dim=16):
            super().__init__()
            self.bag = nn.EmbeddingBag(size, dim, mode="mean")
            self.out = nn.Linear(dim, 1)

        def forward(self, flat, starts):
            return self.out(self.bag(flat, starts)).squeeze(1)

    net = Bag(len(vocab) + 1)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    loader = DataLoader(tr.tolist(), batch_size=64, shuffle=True, collate_fn=collate)
    flat_v, starts_v, y_v = collate(va.tolist())
    for epoch in range(12):
        losses = []
        for flat, starts, target in loader:
            loss = F.binary_cross_entropy_with_logits(net(flat, starts), target)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        with torch.no_grad():
            z = net(flat_v, starts_v)
        print(f"epoch {epoch} train {np.mean(losses):.4f} val {F.binary_cross_entropy_with_logits(z, y_v):.4f} "
              f"F1 {f1_score(y_v, z > 0):.3f} AUC {roc_auc_score(y_v, z):.4f}")


@case("healthy")
def credit_early_stopping_best_state(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("credit_data")
    rest, test, y_rest, y_test = train_test_split(frame, y, test_size=0.2, random_state=seed, stratify=y)
    train, valid, y_train, y_valid = train_test_split(rest, y_rest, test_size=0.2, random_state=seed, stratify=y_rest)
    num = list(frame.select_dtypes("number").columns)
    cat = [c for c in frame.columns if c not in num]
    money = ["Income", "Assets", "Debt", "Amount", "Price"]

    def logs(f):
        f = f.copy()
        f[money] = np.log1p(f[money])
        f[cat] = f[cat].fillna("unknown")
        return f

    prep = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), num),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), cat),
    ).fit(logs(train))
    xt, xv, xe = (torch.tensor(prep.transform(logs(f)), dtype=torch.float32) for f in (train, valid, test))
    yt, yv = torch.tensor(y_train, dtype=torch.float32), torch.tensor(y_valid, dtype=torch.float32)
    net = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    lossf = nn.BCEWithLogitsLoss()
    best, best_state, waited, patience = float("inf"), None, 0, 8
    for epoch in range(100):
        net.train()
        for b in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            lossf(net(xt[b]), yt[b]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            val = lossf(net(xv), yv).item()
            fit = lossf(net(xt), yt).item()
        print(f"epoch {epoch} train {fit:.4f} valid {val:.4f}")
        if val < best:
            best, best_state, waited = val, deepcopy(net.state_dict()), 0
        else:
            waited += 1
            if waited == patience:
                break
    net.load_state_dict(best_state)
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(xe)).numpy()
    print(f"test AUC {roc_auc_score(y_test, p):.3f} average precision {average_precision_score(y_test, p):.3f}")


@case("healthy")
def thyroid_threshold_from_validation(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("hypothyroid")
    frame["TSH"] = np.log(frame["TSH"] + 0.1)
    flags = [c for c in frame.columns if c not in frame.select_dtypes("number").columns and c != "sex"]
    frame[flags] = frame[flags].isin(["t", "y"]).astype(float)
    frame["sex"] = frame["sex"].map({"F": 1.0, "M": -1.0}).fillna(0.0)
    frame = frame.drop(columns=["TBG"])
    a, rest, ya, y_rest = train_test_split(frame.astype(float), y, test_size=0.5, random_state=seed, stratify=y)
    b, c, yb, yc = train_test_split(rest, y_rest, test_size=0.5, random_state=seed, stratify=y_rest)
    prep = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()).fit(a)
    xa, xb, xc = (torch.tensor(prep.transform(v), dtype=torch.float32).clamp(-5, 5) for v in (a, b, c))
    ta, tb = torch.tensor(ya, dtype=torch.float32), torch.tensor(yb, dtype=torch.float32)
    net = nn.Sequential(nn.Linear(xa.shape[1], 16), nn.Tanh(), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=3e-3)
    for epoch in range(14):
        for i in torch.randperm(len(xa)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xa[i]), ta[i])
            loss.backward()
            opt.step()
        with torch.no_grad():
            zb = net(xb)
        print(f"epoch {epoch}: val loss {F.binary_cross_entropy_with_logits(zb, tb):.4f}")
    with torch.no_grad():
        pb, pc = torch.sigmoid(net(xb)).numpy(), torch.sigmoid(net(xc)).numpy()
    grid = np.linspace(0.02, 0.9, 45)
    cut = grid[np.argmax([balanced_accuracy_score(yb, pb >= t) for t in grid])]
    print(f"cut {cut:.2f}: test recall {recall_score(yc, pc >= cut):.3f} balanced "
          f"{balanced_accuracy_score(yc, pc >= cut):.3f} AP {average_precision_score(yc, pc):.3f} "
          f"AUC {roc_auc_score(yc, pc):.4f}")


@case("healthy")
def credit_batched_ensemble(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("credit_data")
    frame = pd.get_dummies(frame, dtype=float)
    a, b, ya, yb = train_test_split(frame, y, test_size=0.3, random_state=seed, stratify=y)
    middle = a.median()
    a, b = (v.fillna(middle).to_numpy() for v in (a, b))
    mu, sd = a.mean(0), a.std(0) + 1e-6
    xa, xb = (torch.tensor((v - mu) / sd, dtype=torch.float32).clamp(-4, 4) for v in (a, b))
    ta, tb = torch.tensor(ya, dtype=torch.float32), torch.tensor(yb, dtype=torch.float32)

    class Ensemble(nn.Module):
        """Several small nets side by side; each sees the same batch and has its own loss."""

        def __init__(self, d, members=5, hidden=16):
            super().__init__()
            self.w1 = nn.Parameter(torch.randn(members, d, hidden) * (2 / d) ** 0.5)
            self.b1 = nn.Parameter(torch.zeros(members, 1, hidden))
            self.w2 = nn.Parameter(torch.randn(members, hidden, 1) * (1 / hidden) ** 0.5)
            self.b2 = nn.Parameter(torch.zeros(members, 1, 1))

        def forward(self, x):
            h = torch.relu(torch.matmul(x, self.w1) + self.b1)
            return (torch.matmul(h, self.w2) + self.b2).squeeze(2)

    nets = Ensemble(xa.shape[1])
    opt = torch.optim.AdamW(nets.parameters(), lr=2e-3, weight_decay=0.05)
    for epoch in range(14):
        for i in torch.randperm(len(xa)).split(64):
            z = nets(xa[i])
            loss = F.binary_cross_entropy_with_logits(z, ta[i].expand_as(z)) * len(z)
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            p = torch.sigmoid(nets(xb)).mean(0)
        print(f"{epoch} loss {loss.item() / 5:.3f} val log loss {F.binary_cross_entropy(p, tb):.4f} "
              f"AUC {roc_auc_score(yb, p):.3f} F1 {f1_score(yb, p > 0.5):.3f}")


@case("healthy")
def cancer_logistic_lbfgs(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    sc = StandardScaler().fit(Xtr)
    A, B = torch.tensor(sc.transform(Xtr)), torch.tensor(sc.transform(Xte))
    t = torch.tensor(ytr, dtype=torch.float64)
    w = torch.zeros(30, dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    opt = torch.optim.LBFGS([w, b], lr=1.0, max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        loss = F.softplus(-(2 * t - 1) * (A @ w + b)).mean() + 0.01 * w.square().sum()
        loss.backward()
        return loss

    for call in range(3):
        value = opt.step(closure)
        with torch.no_grad():
            z = B @ w + b
        print(f"call {call}: objective {value.item():.5f} test AUC {roc_auc_score(yte, z):.4f} "
              f"balanced accuracy {balanced_accuracy_score(yte, z > 0):.3f}")


@case("healthy")
def digits_low_or_high_cnn_nesterov(seed: int) -> None:
    torch.manual_seed(seed)
    d = load_digits()
    x = torch.tensor(d.images[:, None] / 8 - 1, dtype=torch.float32)
    y = torch.tensor(d.target >= 5).long()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, random_state=seed, stratify=d.target)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.c1, self.b1 = nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
            self.c2, self.b2 = nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32)
            self.head = nn.Linear(32 * 4, 2)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.b1(self.c1(x))), 2)
            x = F.max_pool2d(F.relu(self.b2(self.c2(x))), 2)
            return self.head(x.flatten(1))

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, [8, 11], gamma=0.2)
    for epoch in range(13):
        net.train()
        for xb, yb in DataLoader(TensorDataset(x[tr], y[tr]), batch_size=64, shuffle=True, drop_last=True):
            loss = F.cross_entropy(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            out = net(x[va])
        print(f"epoch {epoch} loss {loss.item():.4f} val {F.cross_entropy(out, y[va]).item():.4f} "
              f"acc {(out.argmax(1) == y[va]).float().mean().item():.4f}")


@case("healthy")
def splice_conv_keeps_positions(seed: int) -> None:
    torch.manual_seed(seed)
    codes, y = read_splice()
    X = F.one_hot(torch.tensor(codes), 4).float().permute(0, 2, 1)
    t = torch.tensor(y, dtype=torch.float32)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, random_state=seed, stratify=y)
    tr, va = torch.tensor(tr), torch.tensor(va)
    net = nn.Sequential(
        nn.Conv1d(4, 12, 5, padding=2), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(12 * 60, 1), nn.Sigmoid()
    )
    opt = torch.optim.RMSprop(net.parameters(), lr=1e-3, weight_decay=1e-3)
    for epoch in range(16):
        net.train()
        order = tr[torch.randperm(len(tr))]
        fit = 0.0
        for b in order.split(32):
            loss = F.binary_cross_entropy(net(X[b])[:, 0], t[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            fit += loss.item() * len(b)
        net.eval()
        with torch.no_grad():
            p = net(X[va])[:, 0]
        print(f"{epoch}: {fit / len(tr):.4f} / {F.binary_cross_entropy(p, t[va]):.4f}  "
              f"AUC {roc_auc_score(t[va], p):.4f} "
              f"acc {((p > 0.5) == t[va].bool()).float().mean():.4f}")


@case("healthy")
def names_gru_packed_sequences(seed: int) -> None:
    torch.manual_seed(seed)
    names, y = read_names()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, random_state=seed, stratify=y)
    seqs = [torch.tensor([ord(c) - 96 for c in n]) for n in names]

    def collate(rows):
        s = [seqs[i] for i in rows]
        return pad_sequence(s, batch_first=True), torch.tensor([len(v) for v in s]), torch.tensor(y[rows]).float()

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 16, padding_idx=0)
            self.gru = nn.GRU(16, 32, batch_first=True, bidirectional=True)
            self.drop = nn.Dropout(0.3)
            self.out = nn.Linear(64, 1)

        def forward(self, x, lengths):
            packed = pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
            h = self.gru(packed)[1]
            return self.out(self.drop(torch.cat((h[0], h[1]), 1))).squeeze(1)

    net = Reader()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    loader = DataLoader(tr.tolist(), batch_size=64, shuffle=True, collate_fn=collate)
    xv, nv, yv = collate(va.tolist())
    for epoch in range(8):
        net.train()
        tot = 0.0
        for xb, nb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb, nb), yb)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            tot += loss.item() * len(yb)
        net.eval()
        with torch.no_grad():
            z = net(xv, nv)
        print(f"epoch {epoch} train {tot / len(tr):.4f} val {F.binary_cross_entropy_with_logits(z, yv):.4f} "
              f"AUC {roc_auc_score(yv, z):.4f} balanced {balanced_accuracy_score(yv, z > 0):.3f}")


@case("healthy")
def adult_embeddings_with_hinge(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates()
    df = df.drop(columns=["education", "race", "gender", "native-country"])
    sign = torch.tensor(df.pop("income_gt_50k").to_numpy() * 2.0 - 1.0, dtype=torch.float32)
    df["capital-gain"] = pd.cut(df["capital-gain"], [-1, 0, 2500, 5000, 7500, 100000]).astype(str)
    df["capital-loss"] = pd.cut(df["capital-loss"], [-1, 0, 1500, 1800, 2000, 2200, 5000]).astype(str)
    num = list(df.select_dtypes("number").columns)
    cat = [c for c in df.columns if c not in num]
    codes = torch.tensor(np.stack([df[c].astype("category").cat.codes for c in cat], 1).astype(np.int64))
    tr, va = train_test_split(np.arange(len(df)), test_size=0.3, random_state=seed, stratify=sign)
    sc = StandardScaler().fit(df[num].to_numpy()[tr])
    numbers = torch.tensor(sc.transform(df[num].to_numpy()), dtype=torch.float32)

    class Mixed(nn.Module):
        def __init__(self, sizes, n):
            super().__init__()
            self.emb = nn.ModuleList(nn.Embedding(s, min(6, (s + 1) // 2)) for s in sizes)
            width = n + sum(e.embedding_dim for e in self.emb)
            self.body = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))

        def forward(self, c, x):
            parts = [e(c[:, k]) for k, e in enumerate(self.emb)]
            return self.body(torch.cat([*parts, x], 1)).squeeze(1)

    net = Mixed((codes.max(0).values + 1).tolist(), len(num))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)

    def squared_hinge(score, s):
        return F.relu(1 - s * score).square().mean()

    loader = DataLoader(TensorDataset(codes[tr], numbers[tr], sign[tr]), batch_size=128, shuffle=True)
    for epoch in range(10):
        net.train()
        fit = 0.0
        for c, x, s in loader:
            opt.zero_grad()
            loss = squared_hinge(net(c, x), s)
            loss.backward()
            opt.step()
            fit += loss.item() / len(loader)
        net.eval()
        with torch.no_grad():
            score = net(codes[va], numbers[va])
        print(f"{epoch}: hinge {fit:.4f} val {squared_hinge(score, sign[va]):.4f} "
              f"AUC {roc_auc_score(sign[va], score):.4f} acc {(score.sign() == sign[va]).float().mean():.4f}")


@case("healthy")
def bike_day_shapes_cross_validated(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    y = df["working_day"].to_numpy()
    counts = df[[f"h{h:02d}" for h in range(24)]].to_numpy(dtype=float)
    shape = torch.tensor(counts / counts.sum(1, keepdims=True) * 24 - 1, dtype=torch.float32)[:, None, :]
    t = torch.tensor(y, dtype=torch.float32)
    out_of_fold = np.zeros(len(y))
    for fold, (tr, va) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(counts, y)):
        torch.manual_seed(seed * 10 + fold)
        net = nn.Sequential(
            nn.Conv1d(1, 8, 3, padding=1), nn.ReLU(), nn.AvgPool1d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(96, 1),
            nn.Flatten(0),
        )  # fmt: skip
        opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        for _epoch in range(45):
            net.train()
            for b in torch.tensor(tr)[torch.randperm(len(tr))].split(32):
                opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(net(shape[b]), t[b])
                loss.backward()
                opt.step()
        net.eval()
        with torch.no_grad():
            z = net(shape[va])
        out_of_fold[va] = torch.sigmoid(z).numpy()
        print(f"fold {fold}: last batch {loss.item():.4f}, held-out loss "
              f"{F.binary_cross_entropy_with_logits(z, t[va]):.4f}, "
              f"balanced {balanced_accuracy_score(y[va], z > 0):.3f}")
    print(f"out of fold AUC {roc_auc_score(y, out_of_fold):.4f} "
          f"balanced {balanced_accuracy_score(y, out_of_fold > 0.5):.3f}")


@case("healthy")
def mushroom_factorisation_machine(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")
    y = torch.tensor((df.pop("class") == "p").to_numpy(), dtype=torch.float32)
    df = df.drop(columns=["odor", "veil-type"])
    offsets, codes = 0, []
    for c in df.columns:
        k = df[c].astype("category").cat.codes.to_numpy(dtype=np.int64)
        codes.append(k + offsets)
        offsets += k.max() + 1
    X = torch.tensor(np.stack(codes, 1))
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, random_state=seed, stratify=y)

    class FM(nn.Module):
        def __init__(self, n, k=6):
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(1))
            self.linear = nn.Embedding(n, 1)
            self.factors = nn.Embedding(n, k)
            nn.init.zeros_(self.linear.weight)
            nn.init.normal_(self.factors.weight, std=0.05)

        def forward(self, idx):
            v = self.factors(idx)
            pairs = 0.5 * (v.sum(1).square() - v.square().sum(1)).sum(1)
            return self.bias + self.linear(idx).sum(dim=(1, 2)) + pairs

    fm = FM(offsets)
    opt = torch.optim.Adagrad(fm.parameters(), lr=0.1)
    for epoch in range(8):
        for b in torch.tensor(tr)[torch.randperm(len(tr))].split(100):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(fm(X[b]), y[b])
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = fm(X[va])
        print(f"epoch {epoch} loss {loss.item():.4f} val {F.binary_cross_entropy_with_logits(z, y[va]):.4f} "
              f"AUC {roc_auc_score(y[va], z):.4f} balanced {balanced_accuracy_score(y[va], z > 0):.4f}")


@case("healthy")
def digits_three_eight_by_hand(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    d = load_digits()
    keep = np.isin(d.target, (3, 8))
    X, y = d.data[keep] / 16, (d.target[keep] == 8).astype(float)
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    Xa, Xb, ya, yb = (torch.tensor(v, dtype=torch.float32) for v in (Xa, Xb, ya, yb))
    params = [
        torch.randn(64, 20, generator=g) / 8, torch.zeros(20), torch.randn(20, generator=g) / 20**0.5, torch.zeros(()),
    ]  # fmt: skip
    velocity = [torch.zeros_like(p) for p in params]
    for p in params:
        p.requires_grad_()

    def forward(x):
        w1, b1, w2, b2 = params
        return torch.tanh(x @ w1 + b1) @ w2 + b2

    for epoch in range(40):
        for b in torch.randperm(len(Xa), generator=g).split(25):
            loss = F.binary_cross_entropy_with_logits(forward(Xa[b]), ya[b])
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for p, v, dp in zip(params, velocity, grads, strict=True):
                    v.mul_(0.9).add_(dp)
                    p -= 0.03 * v
        if epoch % 5 == 4:
            with torch.no_grad():
                z = forward(Xb)
            print(f"epoch {epoch + 1} loss {loss.item():.4f} "
                  f"val {F.binary_cross_entropy_with_logits(z, yb).item():.4f} "
                  f"acc {((z > 0) == yb.bool()).float().mean().item():.4f} AUC {roc_auc_score(yb, z):.4f}")


@case("healthy")
def sms_tfidf_squared_loss(seed: int) -> None:
    torch.manual_seed(seed)
    frame, y = table("sms_spam")
    a, b, ya, yb = train_test_split(frame["text"], y, test_size=0.25, random_state=seed, stratify=y)
    vec = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), min_df=10, sublinear_tf=True)
    xa = torch.tensor(vec.fit_transform(a).toarray(), dtype=torch.float32)
    xb = torch.tensor(vec.transform(b).toarray(), dtype=torch.float32)
    ta, tb = torch.tensor(ya, dtype=torch.float32), torch.tensor(yb, dtype=torch.float32)
    net = nn.Sequential(nn.Linear(xa.shape[1], 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(8):
        tot = 0.0
        for i in torch.randperm(len(xa)).split(64):
            opt.zero_grad()
            loss = F.mse_loss(torch.sigmoid(net(xa[i]).squeeze(1)), ta[i])
            loss.backward()
            opt.step()
            tot += loss.item() * len(i)
        with torch.no_grad():
            p = torch.sigmoid(net(xb).squeeze(1))
        print(f"epoch {epoch}: Brier {tot / len(xa):.4f} val {F.mse_loss(p, tb):.4f} AUC {roc_auc_score(yb, p):.4f} "
              f"F1 {f1_score(yb, p > 0.5):.3f}")
