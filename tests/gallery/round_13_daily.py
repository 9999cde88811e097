"""Everyday training scripts."""

import copy
import itertools
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.compose import ColumnTransformer
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_wine,
    make_circles,
    make_classification,
    make_moons,
)
from sklearn.impute import SimpleImputer
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_recall_curve,
    roc_auc_score,
)
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, WeightedRandomSampler

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


@case("healthy")
def breast_cancer_first_network(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train = torch.tensor(scaler.transform(X_train), dtype=torch.float32)
    X_test = torch.tensor(scaler.transform(X_test), dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32).view(-1, 1)
    y_test = torch.tensor(y_test, dtype=torch.float32).view(-1, 1)

    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005, weight_decay=1e-3)

    for epoch in range(150):
        model.train()
        optimizer.zero_grad()
        loss = criterion(model(X_train), y_train)
        loss.backward()
        optimizer.step()
        if (epoch + 1) % 25 == 0:
            model.eval()
            with torch.no_grad():
                p = model(X_test)
                test_loss = criterion(p, y_test)
                acc = ((p >= 0.5).float() == y_test).float().mean()
            print(f"Epoch [{epoch + 1}/150] loss {loss.item():.4f} test {test_loss.item():.4f} acc {acc.item():.4f}")
    print("ROC AUC:", roc_auc_score(y_test.numpy(), p.numpy()))


@case("healthy")
def adult_income_entity_embeddings(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").drop(columns=["education"]).drop_duplicates()
    for c in ("capital-gain", "capital-loss"):
        df[c] = np.log1p(df[c])
    target = "income_gt_50k"
    cat_cols = df.drop(columns=target).select_dtypes(exclude="number").columns.tolist()
    num_cols = [c for c in df.columns if c not in [*cat_cols, target]]
    trn, val = train_test_split(df, test_size=0.25, random_state=seed, stratify=df[target])
    mean, std = trn[num_cols].mean(), trn[num_cols].std()
    vocab = {c: {v: i + 1 for i, v in enumerate(trn[c].astype(str).unique())} for c in cat_cols}

    def encode(part):
        cats = np.stack([part[c].astype(str).map(vocab[c]).fillna(0).astype(int).values for c in cat_cols], 1)
        nums = ((part[num_cols] - mean) / std).values
        return torch.as_tensor(cats), torch.as_tensor(nums).float(), torch.as_tensor(part[target].values).float()

    class TabularNet(nn.Module):
        def __init__(self, cards, n_num):
            super().__init__()
            self.embeds = nn.ModuleList([nn.Embedding(c, min(12, (c + 1) // 2)) for c in cards])
            width = sum(e.embedding_dim for e in self.embeds) + n_num
            self.drop = nn.Dropout(0.1)
            self.head = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))

        def forward(self, cats, nums):
            e = torch.cat([emb(cats[:, i]) for i, emb in enumerate(self.embeds)], 1)
            return self.head(torch.cat([self.drop(e), nums], 1)).squeeze(1)

    train_ds, val_ds = TensorDataset(*encode(trn)), TensorDataset(*encode(val))
    train_dl = DataLoader(train_ds, batch_size=128, shuffle=True)
    val_dl = DataLoader(val_ds, batch_size=512)
    model = TabularNet([len(vocab[c]) + 1 for c in cat_cols], len(num_cols))
    epochs = 6
    opt = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-2)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=5e-3, epochs=epochs, steps_per_epoch=len(train_dl))
    for ep in range(epochs):
        model.train()
        running = 0.0
        for cats, nums, yb in train_dl:
            loss = F.binary_cross_entropy_with_logits(model(cats, nums), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            running += loss.item() * len(yb)
        model.eval()
        outs, ys = [], []
        with torch.no_grad():
            for cats, nums, yb in val_dl:
                outs.append(model(cats, nums))
                ys.append(yb)
        outs, ys = torch.cat(outs), torch.cat(ys)
        vl = F.binary_cross_entropy_with_logits(outs, ys).item()
        print(
            f"{ep} trn {running / len(train_ds):.4f} val {vl:.4f} auc {roc_auc_score(ys, outs):.4f} "
            f"acc {((outs > 0).float() == ys).float().mean():.4f}"
        )


@case("healthy")
def digits_odd_even_convnet(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16.0
    labels = torch.tensor(digits.target % 2)
    perm = torch.randperm(len(images))
    tr, te = perm[:1300], perm[1300:]

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
            self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
            self.fc1 = nn.Linear(32 * 2 * 2, 64)
            self.fc2 = nn.Linear(64, 2)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            x = torch.flatten(x, 1)
            return self.fc2(F.relu(self.fc1(x)))

    net = Net()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    loader = DataLoader(TensorDataset(images[tr], labels[tr]), batch_size=32, shuffle=True)
    for epoch in range(15):
        net.train()
        running_loss = 0.0
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = loss_fn(net(inputs), targets)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        net.eval()
        with torch.no_grad():
            logits = net(images[te])
            val_loss = loss_fn(logits, labels[te]).item()
            correct = (logits.argmax(1) == labels[te]).sum().item()
        print(
            f"[{epoch + 1}] loss: {running_loss / len(loader):.3f} val: {val_loss:.3f} "
            f"accuracy: {100 * correct / len(te):.1f} %"
        )


@case("healthy")
def splice_junction_conv1d_early_stop(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/splice/splice.csv.gz").drop_duplicates("sequence")
    lut = np.zeros((128, 4), dtype=np.float32)
    for i, base in enumerate("ACGT"):
        lut[ord(base), i] = 1.0
    onehot = np.stack([lut[np.frombuffer(s.encode(), dtype=np.uint8)].T for s in df["sequence"]])
    target = df["is_junction"].to_numpy().astype(np.float32)
    idx_tr, idx_rest = train_test_split(np.arange(len(df)), test_size=0.4, random_state=seed, stratify=target)
    idx_va, idx_te = train_test_split(idx_rest, test_size=0.5, random_state=seed, stratify=target[idx_rest])
    x_all, y_all = torch.from_numpy(onehot), torch.from_numpy(target)

    model = nn.Sequential(
        nn.Conv1d(4, 24, kernel_size=7, padding=3), nn.ReLU(), nn.Dropout(0.2),
        nn.Conv1d(24, 16, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool1d(2),
        nn.Flatten(), nn.Dropout(0.4), nn.Linear(16 * 30, 1), nn.Flatten(0),
    )  # fmt: skip
    bce = nn.BCEWithLogitsLoss()
    optim = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    best, best_state, patience = float("inf"), None, 0
    for epoch in range(25):
        model.train()
        order = torch.from_numpy(np.random.default_rng(seed + epoch).permutation(idx_tr))
        total = 0.0
        for chunk in order.split(64):
            optim.zero_grad()
            loss = bce(model(x_all[chunk]), y_all[chunk])
            loss.backward()
            optim.step()
            total += loss.item() * len(chunk)
        model.eval()
        with torch.no_grad():
            val_loss = bce(model(x_all[idx_va]), y_all[idx_va]).item()
        print(f"epoch {epoch:02d} train {total / len(idx_tr):.4f} val {val_loss:.4f}")
        if val_loss < best - 1e-4:
            best, best_state, patience = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            patience += 1
            if patience == 4:
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        score = torch.sigmoid(model(x_all[idx_te])).numpy()
    print("test AUC", roc_auc_score(target[idx_te], score), "F1", f1_score(target[idx_te], score > 0.5))


@case("healthy")
def mushroom_one_hot_sgd(seed: int) -> None:
    torch.manual_seed(seed)
    frame = pd.read_csv(FOLDER + "/mushroom/mushroom.csv.gz").drop_duplicates()
    labels = (frame.pop("class") == "p").to_numpy().astype("float32")
    frame = frame.drop(columns="odor")
    a, b, ya, yb = train_test_split(frame, labels, test_size=0.3, random_state=seed)
    enc = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(a)
    a, b = torch.Tensor(enc.transform(a)), torch.Tensor(enc.transform(b))
    ya, yb = torch.Tensor(ya), torch.Tensor(yb)
    w = nn.Linear(a.shape[1], 1)
    opt = torch.optim.SGD(w.parameters(), lr=0.5, momentum=0.9)
    for step in range(400):
        pick = torch.randint(len(a), (256,))
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(w(a[pick])[:, 0], ya[pick])
        loss.backward()
        opt.step()
        if step % 50 == 49:
            with torch.no_grad():
                z = w(b)[:, 0]
                print(
                    step + 1,
                    "loss",
                    round(loss.item(), 4),
                    "val",
                    round(F.binary_cross_entropy_with_logits(z, yb).item(), 4),
                    "acc",
                    ((z > 0) == (yb > 0.5)).float().mean().item(),
                )


@case("healthy")
def sms_embedding_bag_text_classifier(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("sms_spam").distinct()
    texts, spam = table.features["text"].tolist(), table.labels
    tokenise = re.compile(r"[a-z]+|\d+|[£$!]").findall
    docs = [[f"<{len(t)} digits>" if t.isdigit() else t for t in tokenise(s.lower())] or ["<unk>"] for s in texts]
    train_ids, valid_ids = train_test_split(range(len(docs)), test_size=0.25, stratify=spam, random_state=seed)
    counts = Counter(t for i in train_ids for t in set(docs[i]))
    itos = ["<unk>"] + [t for t, n in counts.items() if n >= 3]
    stoi = {t: i for i, t in enumerate(itos)}

    def collate_batch(batch):
        labels = torch.tensor([float(spam[i]) for i in batch])
        ids = [torch.tensor([stoi.get(t, 0) for t in docs[i]]) for i in batch]
        offsets = torch.tensor([0] + [len(t) for t in ids[:-1]]).cumsum(dim=0)
        return labels, torch.cat(ids), offsets

    class TextClassificationModel(nn.Module):
        def __init__(self, vocab_size, embed_dim):
            super().__init__()
            self.embedding = nn.EmbeddingBag(vocab_size, embed_dim, mode="mean")
            self.fc = nn.Linear(embed_dim, 1)
            nn.init.uniform_(self.embedding.weight, -0.5, 0.5)

        def forward(self, text, offsets):
            return self.fc(self.embedding(text, offsets)).squeeze(-1)

    model = TextClassificationModel(len(itos), 32)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    train_loader = DataLoader(train_ids, batch_size=64, shuffle=True, collate_fn=collate_batch)
    valid_loader = DataLoader(valid_ids, batch_size=256, collate_fn=collate_batch)
    for epoch in range(1, 5):
        model.train()
        for label, text, offsets in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(text, offsets), label)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            pairs = [(label, model(text, offsets)) for label, text, offsets in valid_loader]
        gold, pred = torch.cat([p[0] for p in pairs]), torch.cat([p[1] for p in pairs])
        print(
            f"epoch {epoch} last batch {loss.item():.3f} valid {criterion(pred, gold).item():.4f} "
            f"F1 {f1_score(gold, pred > 0):.3f} auc {roc_auc_score(gold, pred):.3f} "
            f"AP {average_precision_score(gold, pred):.3f}"
        )


@case("healthy")
def first_names_char_gru_packed(seed: int) -> None:
    torch.manual_seed(seed)
    names = pd.read_csv(FOLDER + "/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.drop_duplicates("name", keep=False).sample(frac=1.0, random_state=seed)
    words = names["name"].str.lower().tolist()
    female = (names["list"] == "F").astype("float32").tolist()
    n_val = len(words) // 4

    class NameDataset(Dataset):
        def __init__(self, words, labels):
            self.words, self.labels = words, labels

        def __len__(self):
            return len(self.words)

        def __getitem__(self, i):
            return torch.tensor([ord(c) - 96 for c in self.words[i]]), self.labels[i]

    def pad_collate(items):
        seqs, ys = zip(*items, strict=False)
        lengths = torch.tensor([len(s) for s in seqs])
        return pad_sequence(seqs, batch_first=True, padding_value=0), lengths, torch.tensor(ys)

    class CharGRU(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(27, 16, padding_idx=0)
            self.gru = nn.GRU(16, 32, batch_first=True)
            self.drop = nn.Dropout(0.3)
            self.out = nn.Linear(32, 1)

        def forward(self, x, lengths):
            packed = pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
            _, h = self.gru(packed)
            return self.out(self.drop(h[-1]))[:, 0]

    train = DataLoader(NameDataset(words[n_val:], female[n_val:]), 64, shuffle=True, collate_fn=pad_collate)
    valid = DataLoader(NameDataset(words[:n_val], female[:n_val]), 256, collate_fn=pad_collate)
    model = CharGRU()
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, epochs=8, steps_per_epoch=len(train))
    for epoch in range(8):
        model.train()
        losses = []
        for x, lengths, y in train:
            loss = F.binary_cross_entropy_with_logits(model(x, lengths), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            logits, gold = zip(*[(model(x, lengths), y) for x, lengths, y in valid], strict=False)
        logits, gold = torch.cat(logits), torch.cat(gold)
        print(
            f"{epoch}: train {np.mean(losses):.3f} valid "
            f"{F.binary_cross_entropy_with_logits(logits, gold).item():.3f} auc {roc_auc_score(gold, logits):.3f} "
            f"accuracy {((logits > 0).float() == gold).float().mean():.3f}"
        )


@case("healthy")
def mammographic_trainer_class(seed: int) -> None:
    @dataclass
    class Config:
        hidden: int = 8
        lr: float = 0.005
        weight_decay: float = 0.1
        epochs: int = 20
        batch_size: int = 64

    class Trainer:
        def __init__(self, cfg, n_in):
            self.cfg = cfg
            self.net = nn.Sequential(nn.Linear(n_in, cfg.hidden), nn.Tanh(), nn.Linear(cfg.hidden, 1))
            self.opt = torch.optim.AdamW(self.net.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
            self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, cfg.epochs)
            self.loss = nn.BCEWithLogitsLoss()

        def fit(self, loader):
            for epoch in range(self.cfg.epochs):
                self.net.train()
                for xb, yb in loader:
                    self.opt.zero_grad()
                    loss = self.loss(self.net(xb), yb)
                    loss.backward()
                    self.opt.step()
                self.sched.step()
                if epoch % 5 == 4:
                    print(epoch + 1, loss.item())

        @torch.no_grad()
        def predict_proba(self, x):
            self.net.eval()
            return torch.sigmoid(self.net(x)).squeeze(1).numpy()

    torch.manual_seed(seed)
    table = pd.read_csv(FOLDER + "/mammographic/mammographic.csv")
    numeric = table[["birads", "age", "density"]].clip(upper=pd.Series({"birads": 6, "age": 120, "density": 4}), axis=1)
    frame = pd.concat([numeric, pd.get_dummies(table[["shape", "margin"]].astype(str), dtype=float)], axis=1)
    xtr, xte, ytr, yte = train_test_split(frame, table["malignant"], test_size=0.25, random_state=seed)
    prep = StandardScaler().fit(xtr)
    xtr = torch.tensor(prep.transform(xtr), dtype=torch.float32)
    xte = torch.tensor(prep.transform(xte), dtype=torch.float32)
    ytr = torch.tensor(ytr.to_numpy(), dtype=torch.float32)[:, None]
    cfg = Config()
    trainer = Trainer(cfg, xtr.shape[1])
    trainer.fit(DataLoader(TensorDataset(xtr, ytr), cfg.batch_size, shuffle=True))
    proba = trainer.predict_proba(xte)
    print("AUC", roc_auc_score(yte, proba), "train AUC", roc_auc_score(ytr, trainer.predict_proba(xtr)))
    print("log loss", log_loss(yte, proba), "train", log_loss(ytr, trainer.predict_proba(xtr)))
    print("accuracy", ((proba > 0.5) == yte.to_numpy()).mean())


@case("healthy")
def card_payments_split_by_user(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    pay = pd.read_csv(FOLDER + "/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    past = pay.groupby("user")["amount"].transform(lambda s: s.shift().expanding().mean())
    pay["log_amount"] = np.log(pay["amount"])
    pay["log_ratio"] = np.log(pay["amount"] / past.fillna(pay["amount"]))
    pay["sin"], pay["cos"] = np.sin(pay["hour"] * np.pi / 12), np.cos(pay["hour"] * np.pi / 12)
    cols = ["log_amount", "log_ratio", "sin", "cos", "foreign", "online"]
    users = rng.permutation(pay["user"].unique())
    train, valid, test = (pay[pay["user"].isin(u)] for u in np.split(users, [240, 320]))
    mu, sd = train[cols].mean(), train[cols].std()

    def tensors(part):
        return torch.tensor(((part[cols] - mu) / sd).values).float(), torch.tensor(part["fraud"].values).float()

    (x, y), (xv, yv), (xt, yt) = map(tensors, (train, valid, test))
    net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    lossf = nn.BCEWithLogitsLoss()
    for epoch in range(15):
        net.train()
        for idx in torch.randperm(len(x)).split(128):
            opt.zero_grad()
            loss = lossf(net(x[idx]), y[idx])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            zv = net(xv)
            print(
                f"{epoch} train {lossf(net(x), y):.4f} valid {lossf(zv, yv):.4f} "
                f"PR-AUC {average_precision_score(yv, zv):.3f}"
            )
    precision, recall, cuts = precision_recall_curve(yv.numpy(), zv.numpy())
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    cut = cuts[f1[:-1].argmax()]
    with torch.no_grad():
        zt = net(xt).numpy()
    print(
        "cut",
        cut,
        "test F1",
        f1_score(yt, zt >= cut),
        "AP",
        average_precision_score(yt, zt),
        "AUC",
        roc_auc_score(yt, zt),
    )


@case("healthy")
def credit_column_transformer_dropout(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("credit_data").distinct()
    X_tr, X_va, y_tr, y_va = train_test_split(
        table.features, table.labels, test_size=0.25, random_state=seed, stratify=table.labels
    )
    numeric = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        QuantileTransformer(n_quantiles=200, output_distribution="normal", random_state=seed),
    )
    categorical = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    prep = ColumnTransformer([("num", numeric, table.numeric), ("cat", categorical, table.categorical)])
    X_tr = np.clip(prep.fit_transform(X_tr), -3, 3)
    X_va = np.clip(prep.transform(X_va), -3, 3)
    to = lambda a: torch.as_tensor(np.asarray(a), dtype=torch.float32)  # noqa: E731
    loader = DataLoader(TensorDataset(to(X_tr), to(y_tr)), batch_size=64, shuffle=True)
    clf = nn.Sequential(nn.Linear(X_tr.shape[1], 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 1))
    opt = torch.optim.AdamW(clf.parameters(), lr=2e-3, weight_decay=0.02)
    hist = defaultdict(list)
    for _epoch in range(12):
        clf.train()
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(clf(xb).squeeze(-1), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        clf.eval()
        with torch.inference_mode():
            for part, x, y in (("train", X_tr, y_tr), ("val", X_va, y_va)):
                logit = clf(to(x)).squeeze(-1)
                hist[part + "_loss"].append(F.binary_cross_entropy_with_logits(logit, to(y)).item())
                hist[part + "_auc"].append(roc_auc_score(y, logit))
    print(pd.DataFrame(hist).round(4).to_string())


@case("healthy")
def churn_numpy_metrics_threshold(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    table = load("mlc_churn").distinct()
    frame = table.features.drop(columns=["state"] + [c for c in table.features if c.endswith("_charge")])
    frame = pd.get_dummies(frame, dtype="float64")
    values = torch.tensor(frame.to_numpy(), dtype=torch.float32)
    labels = torch.tensor(table.labels, dtype=torch.float32)
    order = torch.randperm(len(values), generator=g)
    itr, iva, ite = order[:3000], order[3000:4000], order[4000:]
    mean, std = values[itr].mean(0), values[itr].std(0).clamp_min(1e-6)
    values = (values - mean) / std

    model = nn.Sequential(
        nn.Linear(values.shape[1], 48),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(48, 24),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    for epoch in range(1, 26):
        model.train()
        for idx in itr[torch.randperm(len(itr), generator=g)].split(64):
            opt.zero_grad(set_to_none=True)
            F.binary_cross_entropy_with_logits(model(values[idx]).flatten(), labels[idx]).backward()
            opt.step()
        if epoch % 5 == 0:
            model.eval()
            with torch.no_grad():
                lt = F.binary_cross_entropy_with_logits(model(values[itr]).flatten(), labels[itr])
                lv = F.binary_cross_entropy_with_logits(model(values[iva]).flatten(), labels[iva])
            print(f"epoch {epoch:3d}  train {lt:.4f}  val {lv:.4f}")
    with torch.no_grad():
        pv = torch.sigmoid(model(values[iva])).flatten().numpy()
        pt = torch.sigmoid(model(values[ite])).flatten().numpy()
    yv, yt = labels[iva].numpy(), labels[ite].numpy()

    def rates(p, y, t):
        hit = p >= t
        return hit[y == 1].mean(), 1 - hit[y == 0].mean()

    grid = np.linspace(0.02, 0.9, 89)
    best = max(grid, key=lambda t: sum(rates(pv, yv, t)))
    tpr, tnr = rates(pt, yt, best)
    print(
        f"threshold {best:.2f} from validation; test sensitivity {tpr:.3f} specificity {tnr:.3f} "
        f"balanced accuracy {(tpr + tnr) / 2:.3f} auc {roc_auc_score(yt, pt):.3f}"
    )


@case("healthy")
def circles_workflow_tutorial(seed: int) -> None:
    X, y = make_circles(1000, noise=0.03, random_state=42 + seed)
    X = torch.from_numpy(X).type(torch.float)
    y = torch.from_numpy(y).type(torch.float)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42 + seed)

    class CircleModelV2(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer_1 = nn.Linear(in_features=2, out_features=10)
            self.layer_2 = nn.Linear(in_features=10, out_features=10)
            self.layer_3 = nn.Linear(in_features=10, out_features=1)
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.layer_3(self.relu(self.layer_2(self.relu(self.layer_1(x)))))

    def accuracy_fn(y_true, y_pred):
        return torch.eq(y_true, y_pred).sum().item() / len(y_pred) * 100

    torch.manual_seed(42 + seed)
    model_3 = CircleModelV2()
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model_3.parameters(), lr=0.02)
    for epoch in range(400):
        model_3.train()
        y_logits = model_3(X_train).squeeze()
        y_pred = torch.round(torch.sigmoid(y_logits))
        loss = loss_fn(y_logits, y_train)
        acc = accuracy_fn(y_true=y_train, y_pred=y_pred)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model_3.eval()
        with torch.inference_mode():
            test_logits = model_3(X_test).squeeze()
            test_pred = torch.round(torch.sigmoid(test_logits))
            test_loss = loss_fn(test_logits, y_test)
            test_acc = accuracy_fn(y_true=y_test, y_pred=test_pred)
        if epoch % 50 == 0 or epoch == 399:
            print(
                f"Epoch: {epoch} | Loss: {loss:.5f}, Accuracy: {acc:.2f}% | "
                f"Test Loss: {test_loss:.5f}, Test Accuracy: {test_acc:.2f}%"
            )


@case("healthy")
def spambase_lightning_style_module(seed: int) -> None:
    class LitSpam(nn.Module):
        def __init__(self, n_features, lr=1e-3):
            super().__init__()
            self.lr = lr
            self.body = nn.Sequential(nn.Linear(n_features, 64), nn.GELU(), nn.Dropout(0.3), nn.Linear(64, 1))

        def forward(self, x):
            return self.body(x).squeeze(-1)

        def training_step(self, batch, batch_idx):
            x, y = batch
            return F.binary_cross_entropy_with_logits(self(x), y)

        def validation_step(self, batch, batch_idx):
            x, y = batch
            z = self(x)
            return {"loss": F.binary_cross_entropy_with_logits(z, y), "probs": z.sigmoid(), "y": y}

        def configure_optimizers(self):
            opt = torch.optim.AdamW(self.parameters(), lr=self.lr, weight_decay=0.01)
            return opt, torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=2, factor=0.3)

    def fit(module, train_loader, val_loader, max_epochs):
        opt, sched = module.configure_optimizers()
        for epoch in range(max_epochs):
            module.train()
            for i, batch in enumerate(train_loader):
                opt.zero_grad()
                module.training_step(batch, i).backward()
                opt.step()
            module.eval()
            with torch.no_grad():
                outs = [module.validation_step(b, i) for i, b in enumerate(val_loader)]
            probs, y = torch.cat([o["probs"] for o in outs]), torch.cat([o["y"] for o in outs])
            val_loss = F.binary_cross_entropy(probs, y).item()
            sched.step(val_loss)
            print(
                f"epoch={epoch} val_loss={val_loss:.4f} val_auroc={roc_auc_score(y, probs):.4f} "
                f"val_acc={((probs > 0.5) == (y > 0.5)).float().mean():.4f}"
            )

    torch.manual_seed(seed)
    raw = load("spambase").distinct()
    x = torch.log1p(torch.tensor(raw.numbers, dtype=torch.float32))
    y = torch.tensor(raw.labels, dtype=torch.float32)
    order = torch.randperm(len(x))
    cut = int(0.8 * len(x))
    mean, std = x[order[:cut]].mean(0), x[order[:cut]].std(0)
    ds = TensorDataset((x - mean) / std, y)
    fit(
        LitSpam(x.shape[1], lr=2e-3),
        DataLoader(Subset(ds, order[:cut].tolist()), 64, shuffle=True),
        DataLoader(Subset(ds, order[cut:].tolist()), 512),
        max_epochs=12,
    )


@case("healthy")
def diabetes_above_median_small_mlp(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_diabetes()
    tr_x, va_x, tr_t, va_t = train_test_split(bunch.data, bunch.target, test_size=0.3, random_state=seed)
    median = np.median(tr_t)
    tr_y, va_y = (tr_t > median).astype(np.float32), (va_t > median).astype(np.float32)
    ss = StandardScaler()
    tr_x = torch.from_numpy(ss.fit_transform(tr_x).astype(np.float32))
    va_x = torch.from_numpy(ss.transform(va_x).astype(np.float32))
    tr_y, va_y = torch.from_numpy(tr_y)[:, None], torch.from_numpy(va_y)[:, None]
    fc1, fc2 = nn.Linear(10, 8), nn.Linear(8, 1)
    params = [*fc1.parameters(), *fc2.parameters()]
    opt = torch.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.01)

    def forward(x):
        return torch.sigmoid(fc2(torch.relu(fc1(x))))

    for it in range(40):
        p = forward(tr_x)
        loss = -(tr_y * p.log() + (1 - tr_y) * (1 - p).log()).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        if it % 5 == 4:
            with torch.no_grad():
                q = forward(va_x)
            print(
                it + 1,
                "train",
                round(loss.item(), 4),
                "valid",
                round(log_loss(va_y[:, 0], q[:, 0]), 4),
                "auc",
                round(roc_auc_score(va_y, q), 3),
                "acc",
                ((q > 0.5) == (va_y > 0.5)).float().mean().item(),
            )


@case("healthy")
def machine_vibration_lstm_windows(seed: int) -> None:
    def simulate(n, rng):
        t = np.arange(60)
        faulty = rng.integers(0, 2, n)
        freq = rng.uniform(0.2, 0.4, n)[:, None]
        wave = np.sin(freq * t + rng.uniform(0, 2 * np.pi, (n, 1)))
        growth = np.where(faulty[:, None] == 1, 1 + 0.7 * t / 60, 1.0)
        temperature = rng.normal(40, 5, (n, 1)) + np.cumsum(rng.normal(0.06 * faulty[:, None], 0.4, (n, 60)), axis=1)
        signal = np.stack([wave * growth + rng.normal(0, 0.35, (n, 60)), temperature], axis=2)
        return signal.astype(np.float32), faulty.astype(np.float32)

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    (xtr, ytr), (xva, yva) = simulate(1000, rng), simulate(500, rng)
    m, s = xtr.mean((0, 1)), xtr.std((0, 1))
    xtr, xva = torch.from_numpy((xtr - m) / s), torch.from_numpy((xva - m) / s)
    ytr, yva = torch.from_numpy(ytr), torch.from_numpy(yva)

    class Detector(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(2, 24, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(48, 1)

        def forward(self, x):
            out, _ = self.lstm(x)
            return self.fc(out.max(dim=1).values).squeeze(1)

    model = Detector()
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=9)
    loss_function = nn.BCEWithLogitsLoss()
    for epoch in range(9):
        model.train()
        for i in torch.randperm(len(xtr)).split(50):
            optimizer.zero_grad()
            loss = loss_function(model(xtr[i]), ytr[i])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            z, zt = model(xva), model(xtr)
        print(
            f"{epoch} train {loss_function(zt, ytr):.4f} val {loss_function(z, yva):.4f} "
            f"acc {((z > 0) == (yva > 0.5)).float().mean():.3f} auc {roc_auc_score(yva, z):.3f}"
        )


@case("healthy")
def accumulation_clipping_sigmoid_out(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed)
    x, xv = x.clamp(-4, 4), xv.clamp(-4, 4)
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.SiLU(), nn.Dropout(0.3), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.05)
    micro = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
    accumulate = 4
    for epoch in range(14):
        model.train()
        opt.zero_grad()
        for k, (xb, yb) in enumerate(micro, start=1):
            loss = nn.functional.binary_cross_entropy(model(xb)[:, 0], yb) / accumulate
            loss.backward()
            if k % accumulate == 0 or k == len(micro):
                nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
                opt.step()
                opt.zero_grad()
        model.eval()
        p, pt = model(xv)[:, 0].detach(), model(x)[:, 0].detach()
        print(
            f"{epoch}: train {F.binary_cross_entropy(pt, y):.4f} valid {F.binary_cross_entropy(p, yv):.4f} "
            f"auc {roc_auc_score(yv, p):.4f} acc {((p > 0.5).float() == yv).float().mean():.4f}"
        )


@case("healthy")
def frozen_digit_encoder_new_head(seed: int) -> None:
    torch.manual_seed(seed)
    images, target = load_digits(return_X_y=True)
    images = torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8) / 16
    target = torch.tensor(target)
    old, new = (target < 7).nonzero()[:, 0], ((target == 7) | (target == 9)).nonzero()[:, 0]

    encoder = nn.Sequential(
        nn.Conv2d(1, 24, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(24, 48, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    )
    source = nn.Sequential(encoder, nn.Linear(192, 7))
    opt = torch.optim.Adam(source.parameters(), lr=3e-3)
    for epoch in range(5):
        for i in old[torch.randperm(len(old))].split(32):
            loss = F.cross_entropy(source(images[i]), target[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print("source task", epoch, round(loss.item(), 4))

    for p in encoder.parameters():
        p.requires_grad_(False)
    encoder.eval()
    mixed = new[torch.randperm(len(new))]
    few, rest = mixed[:120], mixed[120:]
    label = (target == 9).float()
    head = nn.Linear(192, 1)
    model = nn.Sequential(encoder, head)
    opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=5e-3, weight_decay=1e-3)
    for step in range(150):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(images[few]).squeeze(1), label[few])
        loss.backward()
        opt.step()
        if step % 25 == 24:
            with torch.no_grad():
                z = model(images[rest]).squeeze(1)
            print(
                step + 1,
                f"loss {loss.item():.4f} val {F.binary_cross_entropy_with_logits(z, label[rest]):.4f}",
                f"acc {((z > 0).float() == label[rest]).float().mean():.4f} auc {roc_auc_score(label[rest], z):.4f}",
            )


@case("healthy")
def linear_svm_hinge_plus_minus_one(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    xs = rng.normal(size=(1500, 40)) @ (np.eye(40) + 0.1 * rng.normal(size=(40, 40)))
    ys = (xs @ np.r_[rng.normal(size=12), np.zeros(28)] + rng.normal(0, 1.2, 1500) > 0).astype(int)
    scale = StandardScaler().fit(xs[:1000])
    X = torch.tensor(scale.transform(xs), dtype=torch.float32)
    t = torch.tensor(2 * ys - 1, dtype=torch.float32)
    w, b = torch.zeros(40, requires_grad=True), torch.zeros(1, requires_grad=True)
    lam = 1e-3
    opt = torch.optim.SGD([w, b], lr=0.05)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda epoch: 1 / (1 + 0.2 * epoch))
    for epoch in range(20):
        for idx in torch.randperm(1000).split(20):
            margin = t[idx] * (X[idx] @ w + b)
            objective = torch.clamp(1 - margin, min=0).mean() + lam * w.pow(2).sum()
            opt.zero_grad()
            objective.backward()
            opt.step()
        sched.step()
        if epoch % 4 == 3:
            with torch.no_grad():
                f = X[1000:] @ w + b
                hinge, hinge_tr = (1 - t[1000:] * f).relu().mean(), (1 - t[:1000] * (X[:1000] @ w + b)).relu().mean()
            print(
                f"epoch {epoch + 1} hinge train {hinge_tr:.4f} valid {hinge:.4f} "
                f"accuracy {(f.sign() == t[1000:]).float().mean():.4f} auc {roc_auc_score(t[1000:], f):.4f}"
            )


@case("healthy")
def moons_tanh_output_squared_error(seed: int) -> None:
    torch.manual_seed(seed)
    pts, cls = make_moons(600, noise=0.25, random_state=seed)
    pts = torch.tensor(pts, dtype=torch.float32)
    sgn = torch.tensor(np.where(cls == 1, 1.0, -1.0), dtype=torch.float32).reshape(-1, 1)
    net = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1), nn.Tanh())
    opt = torch.optim.RMSprop(net.parameters(), lr=0.005)
    for epoch in range(1, 56):
        for j in torch.randperm(400).split(40):
            opt.zero_grad()
            F.mse_loss(net(pts[j]), sgn[j]).backward()
            opt.step()
        if epoch % 5 == 0:
            out = net(pts).detach()
            print(
                epoch,
                "mse",
                F.mse_loss(out[:400], sgn[:400]).item(),
                F.mse_loss(out[400:], sgn[400:]).item(),
                "held-out accuracy",
                (out[400:].sign() == sgn[400:]).float().mean().item(),
            )


@case("healthy")
def synthetic_shapes_label_smoothing_augment(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)

    def draw(n):
        yy, xx = np.mgrid[:16, :16]
        labels = rng.integers(0, 2, n)
        imgs = np.empty((n, 1, 16, 16), dtype=np.float32)
        for k in range(n):
            cy, cx, r = rng.uniform(6, 10), rng.uniform(6, 10), rng.uniform(3, 5)
            dist = np.hypot(yy - cy, xx - cx) if labels[k] else np.maximum(abs(yy - cy), abs(xx - cx)) * 1.12
            imgs[k, 0] = (np.abs(dist - r) < 0.8) + rng.normal(0, 0.5, (16, 16))
        return torch.from_numpy(imgs), torch.from_numpy(labels)

    def augment(batch):
        if torch.rand(()) < 0.5:
            batch = batch.flip(-1)
        batch = torch.rot90(batch, int(torch.randint(4, ())), (2, 3))
        dy, dx = torch.randint(-1, 2, (2,)).tolist()
        return torch.roll(batch, (dy, dx), dims=(2, 3))

    train_x, train_y = draw(1200)
    val_x, val_y = draw(500)
    cnn = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(32 * 16, 2),
    )  # fmt: skip
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = torch.optim.AdamW(cnn.parameters(), lr=2e-3, weight_decay=1e-2)
    epochs = 10
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs)
    for epoch in range(epochs):
        cnn.train()
        for idx in torch.randperm(len(train_x)).split(50):
            opt.zero_grad()
            loss = criterion(cnn(augment(train_x[idx])), train_y[idx])
            loss.backward()
            opt.step()
        sched.step()
        cnn.eval()
        with torch.no_grad():
            out, fit = cnn(val_x), cnn(train_x)
        print(
            f"{epoch} train {criterion(fit, train_y):.3f} val {criterion(out, val_y):.3f} "
            f"acc {(out.argmax(1) == val_y).float().mean():.3f} "
            f"auc {roc_auc_score(val_y, out.softmax(1)[:, 1]):.3f}"
        )


@case("healthy")
def residual_net_zero_head_one_cycle(seed: int) -> None:
    torch.manual_seed(seed)

    class Block(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.f = nn.Sequential(nn.BatchNorm1d(d), nn.ReLU(), nn.Linear(d, d), nn.Dropout(0.2), nn.Linear(d, d))

        def forward(self, h):
            return h + self.f(h)

    class ResMLP(nn.Module):
        def __init__(self, n_in, d=32, depth=2):
            super().__init__()
            self.stem = nn.Linear(n_in, d)
            self.blocks = nn.Sequential(*[Block(d) for _ in range(depth)])
            self.norm = nn.BatchNorm1d(d)
            self.head = nn.Linear(d, 1)
            nn.init.zeros_(self.head.weight)
            nn.init.zeros_(self.head.bias)

        def forward(self, x):
            return self.head(torch.relu(self.norm(self.blocks(self.stem(x))))).squeeze(-1)

    x, y = make_classification(3000, 15, n_informative=6, n_clusters_per_class=3, flip_y=0.02, random_state=seed)
    xtr, xva, ytr, yva = train_test_split(x.astype("float32"), y.astype("float32"), test_size=1000, random_state=seed)
    mu, sd = xtr.mean(0), xtr.std(0)
    xtr, xva = torch.tensor((xtr - mu) / sd), torch.tensor((xva - mu) / sd)
    ytr, yva = torch.tensor(ytr), torch.tensor(yva)
    net = ResMLP(15)
    loader = DataLoader(TensorDataset(xtr, ytr), batch_size=100, shuffle=True, drop_last=True)
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.015, total_steps=15 * len(loader))
    for epoch in range(15):
        net.train()
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
        net.eval()
        with torch.no_grad():
            zv, zt = net(xva), net(xtr)
        print(
            f"{epoch} lr {sched.get_last_lr()[0]:.5f} train {F.binary_cross_entropy_with_logits(zt, ytr):.4f} "
            f"val {F.binary_cross_entropy_with_logits(zv, yva):.4f} auc {roc_auc_score(yva, zv):.4f}"
        )


@case("healthy")
def event_sequences_masked_attention(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def sessions(n):
        seqs, labels = [], []
        for _ in range(n):
            s = rng.integers(1, 12, rng.integers(5, 25))
            label = int(rng.random() < 0.5)
            if label:
                at = rng.integers(0, len(s) - 1)
                s[at : at + 2] = (3, 7)
            elif rng.random() < 0.5:
                at = rng.integers(0, len(s) - 1)
                s[at : at + 2] = (7, 3)
            labels.append(float(any((a, b) == (3, 7) for a, b in itertools.pairwise(s))))
            seqs.append(torch.from_numpy(s))
        return seqs, torch.tensor(labels)

    class AttentionPool(nn.Module):
        def __init__(self, d=24):
            super().__init__()
            self.emb = nn.Embedding(12, d, padding_idx=0)
            self.rnn = nn.GRU(d, d, batch_first=True)
            self.score = nn.Linear(d, 1)
            self.out = nn.Linear(d, 1)

        def forward(self, ids):
            h, _ = self.rnn(self.emb(ids))
            a = self.score(torch.tanh(h)).squeeze(-1).masked_fill(ids == 0, float("-inf")).softmax(dim=1)
            return self.out((a.unsqueeze(-1) * h).sum(dim=1)).squeeze(-1)

    train_seqs, train_y = sessions(2000)
    val_seqs, val_y = sessions(600)
    val_x = pad_sequence(val_seqs, batch_first=True)
    net = AttentionPool()
    opt = torch.optim.Adam(net.parameters(), lr=6e-3)
    for epoch in range(7):
        net.train()
        total = 0.0
        for idx in torch.randperm(len(train_seqs)).split(50):
            xb = pad_sequence([train_seqs[i] for i in idx.tolist()], batch_first=True)
            loss = F.binary_cross_entropy_with_logits(net(xb), train_y[idx])
            opt.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            total += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            z = net(val_x)
        print(
            f"{epoch} train {total / 2000:.4f} val {F.binary_cross_entropy_with_logits(z, val_y):.4f} "
            f"acc {((z > 0).float() == val_y).float().mean():.3f} auc {roc_auc_score(val_y, z):.3f}"
        )


@case("healthy")
def autoencoder_and_classifier_joint(seed: int) -> None:
    torch.manual_seed(seed)
    pixels, digit = load_digits(return_X_y=True)
    pixels, is_low = pixels.astype(np.float32) / 16, (digit < 5).astype(np.float32)
    a, b, ya, yb = train_test_split(pixels, is_low, test_size=0.3, random_state=seed, stratify=digit)
    a, b, ya, yb = map(torch.from_numpy, (a, b, ya, yb))
    enc = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
    dec = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.Sigmoid())
    cls = nn.Linear(32, 1)
    everything = nn.ModuleDict({"enc": enc, "dec": dec, "cls": cls})
    opt = torch.optim.Adam(everything.parameters(), lr=2e-3)
    for epoch in range(30):
        for i in torch.randperm(len(a)).split(32):
            noisy = a[i] + 0.1 * torch.randn_like(a[i])
            h = enc(noisy)
            recon, bce = F.mse_loss(dec(h), a[i]), F.binary_cross_entropy_with_logits(cls(h)[:, 0], ya[i])
            opt.zero_grad()
            (bce + 2.0 * recon).backward()
            opt.step()
        with torch.no_grad():
            z, zt = cls(enc(b))[:, 0], cls(enc(a))[:, 0]
            mse = F.mse_loss(dec(enc(b)), b)
        if epoch % 2:
            print(
                f"{epoch} recon {mse:.4f} bce train {F.binary_cross_entropy_with_logits(zt, ya):.4f} "
                f"val {F.binary_cross_entropy_with_logits(z, yb):.4f} "
                f"acc {((z > 0) == (yb > 0.5)).float().mean():.4f}"
            )


@case("healthy")
def distil_wide_teacher_into_small_student(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = make_classification(4000, 12, n_informative=8, n_clusters_per_class=2, class_sep=0.8, random_state=seed)
    x = torch.tensor(x, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    center, spread = x[:2500].mean(0), x[:2500].std(0)
    x = (x - center) / spread
    xt, yt, xv, yv = x[:2500], y[:2500], x[2500:], y[2500:]

    def mlp(width, p):
        return nn.Sequential(
            nn.Linear(12, width),
            nn.ReLU(),
            nn.Dropout(p),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Dropout(p),
            nn.Linear(width, 1),
            nn.Flatten(0),
        )

    def run(net, loss_of, epochs, name):
        opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-4)
        for e in range(epochs):
            net.train()
            for i in torch.randperm(len(xt)).split(64):
                opt.zero_grad()
                loss_of(net(xt[i]), i).backward()
                opt.step()
            net.eval()
            with torch.no_grad():
                z = net(xv)
            if e % 3 == 2:
                print(
                    name,
                    e + 1,
                    f"val loss {F.binary_cross_entropy_with_logits(z, yv):.4f} auc {roc_auc_score(yv, z):.4f}",
                )

    teacher = mlp(96, 0.25)
    run(teacher, lambda z, i: F.binary_cross_entropy_with_logits(z, yt[i]), 15, "teacher")
    temperature = 2.0
    with torch.no_grad():
        soft = torch.sigmoid(teacher(xt) / temperature)

    def distil(z, i):
        hard = F.binary_cross_entropy_with_logits(z, yt[i])
        kd = F.binary_cross_entropy_with_logits(z / temperature, soft[i]) * temperature**2
        return 0.3 * hard + 0.7 * kd

    run(mlp(16, 0.0), distil, 30, "student")


@case("healthy")
def weight_average_tail_of_training(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("credit_data", seed)
    x, xv = x.clamp(-4, 4), xv.clamp(-4, 4)
    model = nn.Sequential(nn.Linear(x.shape[1], 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.4), nn.Linear(24, 1))
    averaged = torch.optim.swa_utils.AveragedModel(model)
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-3)
    loader = DataLoader(TensorDataset(x, y.unsqueeze(1)), batch_size=64, shuffle=True, drop_last=True)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(16):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = bce(model(xb), yb)
            loss.backward()
            opt.step()
        if epoch >= 8:
            averaged.update_parameters(model)
        model.eval()
        with torch.no_grad():
            z = model(xv).squeeze(1)
            print(f"epoch {epoch} train {bce(model(x).squeeze(1), y):.4f} valid {bce(z, yv):.4f}")
    torch.optim.swa_utils.update_bn(loader, averaged)
    averaged.eval()
    with torch.no_grad():
        z = averaged(xv).squeeze(1)
    print(f"averaged: loss {bce(z, yv):.4f} auc {roc_auc_score(yv, z):.4f}")


@case("healthy")
def tiny_wine_lbfgs_cross_validated(seed: int) -> None:
    features, kind = load_wine(return_X_y=True)
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(kind < 2))[:90]
    features, labels = features[rows], (kind[rows] == 1).astype(int)
    scores, losses = np.zeros(90), []
    for fold, (fit, held) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(features, labels)):
        sc = StandardScaler().fit(features[fit])
        xf = torch.tensor(sc.transform(features[fit]), dtype=torch.float64)
        xh = torch.tensor(sc.transform(features[held]), dtype=torch.float64)
        yf = torch.tensor(labels[fit], dtype=torch.float64)
        lin = nn.Linear(13, 1, dtype=torch.float64)
        opt = torch.optim.LBFGS(lin.parameters(), lr=1.0, max_iter=100, line_search_fn="strong_wolfe")

        def closure(opt=opt, lin=lin, xf=xf, yf=yf):
            opt.zero_grad()
            obj = F.binary_cross_entropy_with_logits(lin(xf).squeeze(1), yf) + 0.02 * lin.weight.pow(2).sum()
            obj.backward()
            return obj

        opt.step(closure)
        with torch.no_grad():
            scores[held] = torch.sigmoid(lin(xh)).squeeze(1).numpy()
        losses.append(closure().item())
        print(f"fold {fold} objective {losses[-1]:.4f} held-out log loss {log_loss(labels[held], scores[held]):.4f}")
    print("out-of-fold accuracy", ((scores > 0.5) == labels).mean(), "auc", roc_auc_score(labels, scores))


@case("healthy")
def loan_decisions_with_costs(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("credit_data").distinct()
    num = table.features[table.numeric].copy()
    num[["Income", "Assets", "Debt", "Seniority"]] = np.log1p(num[["Income", "Assets", "Debt", "Seniority"]])
    num["ratio"] = num.pop("Amount") / num.pop("Price")
    full = pd.concat([num, pd.get_dummies(table.features[table.categorical].fillna("none"), dtype=float)], axis=1)
    parts = np.split(np.random.default_rng(seed).permutation(len(full)), [2600, 3500])
    med = full.iloc[parts[0]].median()
    full = full.fillna(med)
    mu, sd = full.iloc[parts[0]].mean(), full.iloc[parts[0]].std().replace(0, 1)
    X = torch.tensor(((full - mu) / sd).clip(-4, 4).to_numpy(), dtype=torch.float32)
    y = torch.tensor(table.labels, dtype=torch.float32)
    tr, va, te = map(torch.from_numpy, parts)
    net = nn.Sequential(
        nn.Dropout(0.1), nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 1), nn.Flatten(0)
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    best, kept, wait = np.inf, None, 0
    for epoch in range(60):
        net.train()
        for i in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            lt, lv = (F.binary_cross_entropy_with_logits(net(X[j]), y[j]).item() for j in (tr, va))
        if epoch % 4 == 0:
            print(f"epoch {epoch} train {lt:.4f} validation {lv:.4f}")
        if lv < best:
            best, kept, wait = lv, copy.deepcopy(net.state_dict()), 0
        elif (wait := wait + 1) >= 6:
            break
    net.load_state_dict(kept)
    cost_default, cost_refusal = 5.0, 1.0
    cutoff = cost_refusal / (cost_refusal + cost_default)
    with torch.no_grad():
        p = torch.sigmoid(net(X[te])).numpy()
    bad = y[te].numpy()

    def cost(refuse):
        return np.where(refuse, cost_refusal * (bad == 0), cost_default * (bad == 1)).mean()

    print(f"test auc {roc_auc_score(bad, p):.3f} brier {brier_score_loss(bad, p):.3f}")
    print(f"cost per application: rule {cost(p > cutoff):.3f} lend to all {cost(p < 0):.3f} none {cost(p > -1):.3f}")


@case("healthy")
def noisy_clicks_time_split_stream(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 12000
    hour = np.sort(rng.uniform(0, 24 * 60, n))
    user = rng.normal(size=(n, 8)).astype(np.float32)
    logit = 0.45 * user[:, 0] - 0.35 * user[:, 1] + 0.4 * user[:, 2] * user[:, 3] + 0.3 * np.sin(hour * np.pi / 12)
    click = (rng.random(n) < 1 / (1 + np.exp(-(logit - 0.8)))).astype(np.float32)
    feats = np.column_stack([user, np.sin(hour * np.pi / 12), np.cos(hour * np.pi / 12)]).astype(np.float32)
    past, future = slice(0, 9000), slice(9000, n)

    def stream(part, size, passes, gen):
        x, y = feats[part], click[part]
        for _ in range(passes):
            order = gen.permutation(len(x))
            for lo in range(0, len(x), size):
                take = order[lo : lo + size]
                yield torch.from_numpy(x[take]), torch.from_numpy(y[take])

    ctr = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.AdamW(ctr.parameters(), lr=2e-3, weight_decay=0.05)
    smooth = None
    x_future, y_future = torch.from_numpy(feats[future]), torch.from_numpy(click[future])
    for step, (xb, yb) in enumerate(stream(past, 100, 10, rng), 1):
        loss = F.binary_cross_entropy_with_logits(ctr(xb)[:, 0], yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        smooth = loss.item() if smooth is None else 0.99 * smooth + 0.01 * loss.item()
        if step % 90 == 0:
            with torch.no_grad():
                z = ctr(x_future)[:, 0]
            print(
                f"step {step} logloss {smooth:.4f} future {F.binary_cross_entropy_with_logits(z, y_future):.4f} "
                f"auc {roc_auc_score(y_future, z):.4f}"
            )
    print(
        "base rate log loss",
        log_loss(click[future], np.full(n - 9000, click[past].mean())),
        "mean prediction",
        torch.sigmoid(z).mean().item(),
        "mean label",
        y_future.mean().item(),
    )


@case("healthy")
def functional_adam_by_hand(seed: int) -> None:
    gen = torch.Generator().manual_seed(seed)
    cancer = load_breast_cancer()
    xa, xb, ya, yb = train_test_split(
        cancer.data, cancer.target, test_size=0.3, stratify=cancer.target, random_state=seed
    )
    mu, sd = xa.mean(0), xa.std(0)
    xa, xb = (torch.tensor((v - mu) / sd, dtype=torch.float32) for v in (xa, xb))
    ya, yb = (torch.tensor(v, dtype=torch.float32) for v in (ya, yb))
    params = {
        "w1": torch.randn(30, 12, generator=gen) / 30**0.5, "b1": torch.zeros(12),
        "w2": torch.randn(12, generator=gen) / 12**0.5, "b2": torch.zeros(()),
    }  # fmt: skip

    def predict(p, x):
        return torch.tanh(x @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]

    def objective(p, x, y):
        ridge = sum(p[k].square().sum() for k in ("w1", "w2"))
        return F.binary_cross_entropy_with_logits(predict(p, x), y) + 3e-3 * ridge

    step_fn = torch.func.grad_and_value(objective)
    m = {k: torch.zeros_like(v) for k, v in params.items()}
    v = {k: torch.zeros_like(t) for k, t in params.items()}
    for t in range(1, 101):
        grads, value = step_fn(params, xa, ya)
        for k, gk in grads.items():
            m[k] = 0.9 * m[k] + 0.1 * gk
            v[k] = 0.999 * v[k] + 0.001 * gk**2
            params[k] = params[k] - 0.01 * (m[k] / (1 - 0.9**t)) / ((v[k] / (1 - 0.999**t)).sqrt() + 1e-8)
        if t % 20 == 0:
            z = predict(params, xb)
            print(
                t,
                f"objective {value:.4f} val log loss {F.binary_cross_entropy_with_logits(z, yb):.4f} "
                f"acc {((z > 0).float() == yb).float().mean():.4f} auc {roc_auc_score(yb, z):.4f}",
            )


@case("healthy")
def oversampling_with_prior_correction(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = make_classification(
        6000, 12, n_informative=6, n_clusters_per_class=2, weights=[0.93], class_sep=1.0, flip_y=0.01, random_state=seed
    )
    tr_x, va_x, tr_y, va_y = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(tr_x)

    class Rows(Dataset):
        def __init__(self, values, labels):
            self.values = scaler.transform(values).astype(np.float32)
            self.labels = labels.astype(np.float32)

        def __len__(self):
            return len(self.labels)

        def __getitem__(self, i):
            return {"features": self.values[i], "label": self.labels[i], "row": i}

    train, valid = Rows(tr_x, tr_y), Rows(va_x, va_y)
    prior = tr_y.mean()
    weights = np.where(tr_y == 1, 0.5 / prior, 0.5 / (1 - prior))
    sampler = WeightedRandomSampler(torch.from_numpy(weights), num_samples=len(train), replacement=True)
    train_loader = DataLoader(train, batch_size=128, sampler=sampler)
    model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    shift = np.log(prior / (1 - prior))
    for epoch in range(12):
        model.train()
        for batch in train_loader:
            loss = F.binary_cross_entropy_with_logits(model(batch["features"]).squeeze(1), batch["label"])
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = torch.cat([model(b["features"]).squeeze(1) for b in DataLoader(valid, batch_size=500)]).numpy()
        corrected = 1 / (1 + np.exp(-(z + shift)))
        print(
            f"{epoch} balanced acc {balanced_accuracy_score(va_y, z > 0):.4f} auc {roc_auc_score(va_y, z):.4f} "
            f"corrected log loss {log_loss(va_y, corrected):.4f} mean p {corrected.mean():.4f} ({va_y.mean():.4f})"
        )


@case("healthy")
def factorisation_machine_users_items(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n_users, n_items, k = 150, 80, 3
    pu, qi = rng.normal(0, 1.0, (n_users, k)), rng.normal(0, 1.0, (n_items, k))
    bu, bi = rng.normal(0, 0.7, n_users), rng.normal(0, 0.7, n_items)
    pairs = rng.permutation(n_users * n_items)[:9000]
    u, i = pairs // n_items, pairs % n_items
    liked = rng.random(9000) < 1 / (1 + np.exp(-((pu[u] * qi[i]).sum(1) + bu[u] + bi[i])))
    ids = torch.from_numpy(np.stack([u, n_users + i], 1))
    y = torch.from_numpy(liked.astype(np.float32))
    train, test = slice(0, 7000), slice(7000, None)

    class FM(nn.Module):
        def __init__(self, n, rank):
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(1))
            self.linear = nn.Embedding(n, 1)
            self.factors = nn.Embedding(n, rank)
            nn.init.zeros_(self.linear.weight)
            nn.init.normal_(self.factors.weight, std=0.1)

        def forward(self, idx):
            v = self.factors(idx)
            pairwise = 0.5 * (v.sum(1).square() - v.square().sum(1)).sum(1)
            return self.bias + self.linear(idx).sum((1, 2)) + pairwise

    fm = FM(n_users + n_items, 4)
    opt = torch.optim.Adam(fm.parameters(), lr=0.01)
    for epoch in range(16):
        for j in torch.randperm(7000).split(100):
            z = fm(ids[j])
            penalty = fm.factors(ids[j]).square().sum((1, 2)).mean() + fm.linear(ids[j]).square().sum((1, 2)).mean()
            loss = F.binary_cross_entropy_with_logits(z, y[j]) + 0.018 * penalty
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            zt, zr = fm(ids[test]), fm(ids[train])
        print(
            f"{epoch} fit {F.binary_cross_entropy_with_logits(zr, y[train]):.4f} "
            f"held-out {F.binary_cross_entropy_with_logits(zt, y[test]):.4f} auc {roc_auc_score(y[test], zt):.4f}"
        )


@case("healthy")
def bags_of_instances_gated_attention(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    probe = rng.normal(size=10)
    probe /= np.linalg.norm(probe)

    def make_bag(_):
        size, positive = rng.integers(4, 16), rng.integers(0, 2)
        inst = rng.normal(size=(size, 10))
        if positive:
            inst[: rng.integers(1, 3)] += 3.5 * probe
        return torch.tensor(inst, dtype=torch.float32), float(positive)

    def collate(bags):
        xs, ys = zip(*bags, strict=False)
        mask = pad_sequence([torch.ones(len(b), dtype=torch.bool) for b in xs], batch_first=True)
        return pad_sequence(xs, batch_first=True), mask, torch.tensor(ys)

    class MIL(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Sequential(nn.Linear(10, 16), nn.ReLU())
            self.v, self.u, self.w = nn.Linear(16, 8), nn.Linear(16, 8), nn.Linear(8, 1)
            self.clf = nn.Linear(16, 1)

        def forward(self, x, mask):
            h = self.embed(x)
            gate = self.w(torch.tanh(self.v(h)) * torch.sigmoid(self.u(h)))[..., 0]
            att = torch.softmax(torch.where(mask, gate, torch.tensor(-1e9)), dim=1)
            return self.clf(torch.einsum("bn,bnd->bd", att, h))[:, 0]

    bags = list(map(make_bag, range(1800)))
    fit_dl = DataLoader(bags[:1300], batch_size=32, shuffle=True, collate_fn=collate)
    xv, mv, yv = collate(bags[1300:])
    net = MIL()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    for epoch in range(14):
        tot = 0.0
        for x, mask, y in fit_dl:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x, mask), y)
            loss.backward()
            opt.step()
            tot += loss.item() / len(fit_dl)
        with torch.no_grad():
            z = net(xv, mv)
        print(
            f"{epoch} {tot:.4f} val {F.binary_cross_entropy_with_logits(z, yv):.4f} auc {roc_auc_score(yv, z):.4f} "
            f"acc {((z > 0) == (yv > 0.5)).float().mean():.4f}"
        )


@case("healthy")
def ecg_like_conv_shift_augmentation(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def beats(n):
        t = np.arange(96)
        y = (rng.random(n) < 0.3).astype(np.float32)
        pos = rng.uniform(30, 60, (n, 1))
        width = np.where(y[:, None] == 1, rng.normal(4.5, 0.7, (n, 1)), rng.normal(2.8, 0.7, (n, 1)))
        spike = np.exp(-0.5 * ((t - pos) / width) ** 2) + 0.3 * np.exp(-0.5 * ((t - pos - 22) / 6) ** 2)
        return (spike + rng.normal(0, 0.15, (n, 96))).astype(np.float32)[:, None], y

    (x, y), (xv, yv) = beats(1600), beats(600)
    x, y, xv, yv = map(torch.from_numpy, (x, y, xv, yv))

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Conv1d(1, 12, 9, padding=4)
            self.b = nn.Conv1d(12, 24, 9, padding=4)
            self.c = nn.Linear(24, 1)

        def forward(self, s):
            s = F.max_pool1d(F.leaky_relu(self.a(s), 0.1), 2)
            s = F.leaky_relu(self.b(s), 0.1)
            return self.c(F.adaptive_max_pool1d(s, 1)[:, :, 0])[:, 0]

    net = Net()
    opt = torch.optim.NAdam(net.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.PolynomialLR(opt, total_iters=12, power=1.0)
    for epoch in range(12):
        net.train()
        for i in torch.randperm(len(x)).split(32):
            xb = torch.roll(x[i], int(torch.randint(-6, 7, ())), dims=-1)
            xb = xb * (0.95 + 0.1 * torch.rand(len(i), 1, 1)) + 0.03 * torch.randn_like(xb)
            loss = F.binary_cross_entropy_with_logits(net(xb), y[i])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            z, zt = net(xv), net(x)
        print(
            f"{epoch} train {F.binary_cross_entropy_with_logits(zt, y):.4f} "
            f"val {F.binary_cross_entropy_with_logits(z, yv):.4f} auc {roc_auc_score(yv, z):.4f} "
            f"f1 {f1_score(yv, z > 0):.4f}"
        )


@case("healthy")
def scripted_ensemble_on_wide_table(seed: int) -> None:
    rng = np.random.default_rng(seed)
    genes = rng.normal(size=(400, 600)).astype(np.float32)
    effect = np.zeros(600)
    effect[:20] = rng.choice([-0.8, 0.8], 20)
    status = (genes @ effect + rng.normal(0, 1, 400) > 0).astype(np.float32)
    factor = rng.normal(size=(400, 1)) + 2.2 * (status[:, None] - 0.5)
    genes[:, 20:80] += (0.7 * factor).astype(np.float32)
    x, y = torch.from_numpy(genes), torch.from_numpy(status)
    xt, yt, xv, yv = x[:250], y[:250], x[250:], y[250:]
    mean, std = xt.mean(0), xt.std(0)
    xt, xv = (xt - mean) / std, (xv - mean) / std
    members = []
    for m in range(4):
        torch.manual_seed(1000 * seed + m)
        net = torch.jit.script(nn.Sequential(nn.Dropout(0.5), nn.Linear(600, 1)))
        opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=15.0)
        for epoch in range(30):
            net.train()
            for i in torch.randperm(250).split(25):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(xt[i])[:, 0], yt[i]).backward()
                opt.step()
            if epoch % 10 == 9:
                net.eval()
                with torch.no_grad():
                    print(
                        m,
                        epoch + 1,
                        round(F.binary_cross_entropy_with_logits(net(xt)[:, 0], yt).item(), 4),
                        round(F.binary_cross_entropy_with_logits(net(xv)[:, 0], yv).item(), 4),
                    )
        members.append(net.eval())
    with torch.no_grad():
        p = torch.stack([torch.sigmoid(net(xv)[:, 0]) for net in members]).mean(0)
    print("ensemble auc", roc_auc_score(yv, p), "accuracy", ((p > 0.5).float() == yv).float().mean().item())


@case("healthy")
def citation_graph_two_layer_gcn(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 500
    group = rng.integers(0, 2, n)
    prob = np.where(group[:, None] == group[None, :], 0.03, 0.01)
    upper = np.triu(rng.random((n, n)) < prob, 1)
    adj = torch.tensor(upper | upper.T, dtype=torch.float32) + torch.eye(n)
    deg = adj.sum(1).rsqrt()
    adj = deg[:, None] * adj * deg[None, :]
    feats = torch.tensor(
        rng.normal(size=(n, 16)) + 0.25 * np.outer(2 * group - 1, np.r_[np.ones(8), np.zeros(8)]), dtype=torch.float32
    )
    label = torch.tensor(group)
    train = torch.zeros(n, dtype=torch.bool)
    train[torch.randperm(n)[:200]] = True

    class GCN(nn.Module):
        def __init__(self):
            super().__init__()
            self.w1, self.w2 = nn.Linear(16, 16), nn.Linear(16, 2)

        def forward(self, x):
            h = F.dropout(F.relu(adj @ self.w1(x)), 0.5, training=self.training)
            return F.log_softmax(adj @ self.w2(h), dim=1)

    gcn = GCN()
    opt = torch.optim.Adam(gcn.parameters(), lr=0.01, weight_decay=5e-3)
    for epoch in range(1, 66):
        gcn.train()
        opt.zero_grad()
        loss = F.nll_loss(gcn(feats)[train], label[train])
        loss.backward()
        opt.step()
        if epoch % 10 == 0:
            gcn.eval()
            out = gcn(feats).detach()
            print(
                f"{epoch} train {F.nll_loss(out[train], label[train]):.4f} "
                f"other nodes {F.nll_loss(out[~train], label[~train]):.4f} "
                f"acc {(out.argmax(1) == label)[~train].float().mean():.4f}"
            )
