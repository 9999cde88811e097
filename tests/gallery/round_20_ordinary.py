"""Fifty ordinary trainings in which nothing is wrong."""

import copy
import math
import re
import tempfile
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

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
    make_blobs,
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
    roc_curve,
)
from sklearn.model_selection import GroupShuffleSplit, KFold, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset, TensorDataset, WeightedRandomSampler, random_split

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ---------------------------------------------------------------- tables


@case("healthy")
def credit_scorecard_with_lbfgs(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    table, bad = loans.features, loans.labels
    idx_train, idx_test = train_test_split(np.arange(len(bad)), test_size=0.25, stratify=bad, random_state=seed)
    money = ["Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    table = table.assign(**{c: np.log1p(table[c]) for c in money}, ratio=table["Amount"] / table["Price"])
    numbers = [*money, "Seniority", "Time", "Age", "ratio"]
    groups = ["Home", "Marital", "Records", "Job"]
    prepare = ColumnTransformer(
        [
            ("num", make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
            (
                "cat",
                make_pipeline(
                    SimpleImputer(strategy="constant", fill_value="missing", missing_values=None),
                    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ),
                groups,
            ),
        ]
    )
    table[groups] = table[groups].astype(object).where(table[groups].notna(), None)
    X_train = torch.tensor(prepare.fit_transform(table.iloc[idx_train]), dtype=torch.float32)
    X_test = torch.tensor(prepare.transform(table.iloc[idx_test]), dtype=torch.float32)
    y_train = torch.tensor(bad[idx_train], dtype=torch.float32)
    y_test = bad[idx_test]

    model = nn.Linear(X_train.shape[1], 1)
    optimizer = torch.optim.LBFGS(model.parameters(), lr=1.0, max_iter=20, line_search_fn="strong_wolfe")
    penalty = 1.0 / len(y_train)

    def closure():
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(X_train).squeeze(1), y_train)
        loss = loss + penalty * model.weight.square().sum()
        loss.backward()
        return loss

    for step in range(8):
        loss = optimizer.step(closure)
        print(f"step {step}: penalised loss {loss.item():.4f}")
    with torch.no_grad():
        p_test = torch.sigmoid(model(X_test).squeeze(1)).numpy()
    auc = roc_auc_score(y_test, p_test)
    print(f"test AUC {auc:.3f}  Gini {2 * auc - 1:.3f}  log loss {log_loss(y_test, p_test):.3f}")
    deciles = pd.DataFrame({"p": p_test, "bad": y_test}).assign(d=lambda t: pd.qcut(t["p"], 10, labels=False))
    print(deciles.groupby("d").mean().round(3))


@case("healthy")
def credit_default_mlp_with_pos_weight(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    df = loans.features.copy()
    df["savings"] = (df["Income"] - df["Expenses"] - df["Debt"] / 100) / (df["Amount"] / df["Time"])
    for col in ["Income", "Assets", "Debt"]:
        df[col + "_missing"] = df[col].isna().astype(float)
    df = pd.get_dummies(df, columns=["Home", "Marital", "Records", "Job"], dtype=float)
    rest, test = train_test_split(df.index.to_numpy(), test_size=0.2, stratify=loans.labels, random_state=seed)
    train, val = train_test_split(rest, test_size=0.25, stratify=loans.labels[rest], random_state=seed)
    df = df.fillna(df.loc[train].median())
    wide = ["Income", "Expenses", "Assets", "Debt", "Amount", "Price"]
    df[wide] = np.log1p(df[wide])
    mean, std = df.loc[train].mean(), df.loc[train].std().clip(lower=1e-6)
    z = ((df - mean) / std).clip(-5, 5)

    def part(rows):
        return torch.tensor(z.loc[rows].to_numpy(), dtype=torch.float32), torch.tensor(loans.labels[rows]).float()

    (xt, yt), (xv, yv), (xs, ys) = part(train), part(val), part(test)
    net = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=(yt == 0).sum() / (yt == 1).sum())
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
    loader = DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True)
    best, best_state, waited = float("inf"), None, 0
    for epoch in range(40):
        net.train()
        total = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = criterion(net(xb).squeeze(-1), yb)
            loss.backward()
            opt.step()
            total += loss.item() * len(xb)
        net.eval()
        with torch.no_grad():
            val_loss = criterion(net(xv).squeeze(-1), yv).item()
        print(f"epoch {epoch + 1:2d} train {total / len(xt):.4f} val {val_loss:.4f}")
        if val_loss < best - 1e-4:
            best, best_state, waited = val_loss, copy.deepcopy(net.state_dict()), 0
        else:
            waited += 1
            if waited == 6:
                break
    net.load_state_dict(best_state)
    net.eval()
    with torch.no_grad():
        scores = net(xs).squeeze(-1).sigmoid().numpy()
    print("test AUC", round(roc_auc_score(ys, scores), 3))
    print("test balanced accuracy", round(balanced_accuracy_score(ys, scores > 0.5), 3))


@dataclass
class IncomeConfig:
    rows: int = 6000
    hidden: int = 48
    lr: float = 3e-3
    weight_decay: float = 1e-2
    batch_size: int = 128
    epochs: int = 7


class EntityEmbeddings(nn.Module):
    """Embeddings of the categories beside the numbers, then two dense layers."""

    def __init__(self, sizes, n_numbers, hidden):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(n, min(8, (n + 1) // 2)) for n in sizes)
        width = sum(t.embedding_dim for t in self.tables) + n_numbers
        self.dense = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, hidden // 2), nn.ReLU(),
            nn.Linear(hidden // 2, 1),
        )  # fmt: skip

    def forward(self, codes, numbers):
        parts = [table(codes[:, i]) for i, table in enumerate(self.tables)]
        return self.dense(torch.cat([*parts, numbers], dim=1)).squeeze(1)


@case("healthy")
def adult_income_with_entity_embeddings(seed: int) -> None:
    cfg = IncomeConfig()
    torch.manual_seed(seed)
    people = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates()
    people = people.sample(cfg.rows, random_state=seed).reset_index(drop=True)
    target = people.pop("income_gt_50k").to_numpy()
    people = people.drop(columns=["education", "race", "gender"])
    train, holdout = train_test_split(np.arange(cfg.rows), test_size=0.3, stratify=target, random_state=seed)
    cats = list(people.select_dtypes(exclude="number"))
    nums = [c for c in people if c not in cats]
    codes, sizes = [], []
    for c in cats:
        known = {v: i + 1 for i, v in enumerate(sorted(people[c].iloc[train].unique()))}
        codes.append(people[c].map(known).fillna(0).astype(int).to_numpy())
        sizes.append(len(known) + 1)
    codes = torch.tensor(np.stack(codes, axis=1))
    numbers = people[nums].astype(float)
    numbers["big_gain"], numbers["big_loss"] = (
        numbers["capital-gain"] > 5000,
        numbers["capital-loss"].between(1800, 2000),
    )
    for c in ["capital-gain", "capital-loss"]:
        numbers[c] = np.log1p(numbers[c])
    scaler = StandardScaler().fit(numbers.iloc[train])
    numbers = torch.tensor(scaler.transform(numbers), dtype=torch.float32)
    labels = torch.tensor(target, dtype=torch.float32)

    ds = TensorDataset(codes[train], numbers[train], labels[train])
    dl = DataLoader(ds, batch_size=cfg.batch_size, shuffle=True, drop_last=True)
    model = EntityEmbeddings(sizes, numbers.shape[1], cfg.hidden)
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=cfg.epochs * len(dl))
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, best_auc = Path(folder) / "best.pt", 0.0
        for epoch in range(cfg.epochs):
            model.train()
            for c, n, y in dl:
                loss = F.binary_cross_entropy_with_logits(model(c, n), y)
                opt.zero_grad(set_to_none=True)
                loss.backward()
                opt.step()
                sched.step()
            model.eval()
            with torch.inference_mode():
                out = model(codes[holdout], numbers[holdout])
                val = F.binary_cross_entropy_with_logits(out, labels[holdout]).item()
            auc = roc_auc_score(target[holdout], out.numpy())
            print(f"epoch {epoch}: last batch {loss.item():.3f}, holdout loss {val:.3f}, AUC {auc:.3f}")
            if auc > best_auc:
                best_auc = auc
                torch.save({"model": model.state_dict(), "epoch": epoch}, checkpoint)
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
    print(f"kept epoch {saved['epoch']} with AUC {best_auc:.3f}")


@case("healthy")
def adult_with_out_of_fold_target_encoding(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates().sample(5000, random_state=seed)
    train_df, valid_df = train_test_split(df, test_size=0.3, random_state=seed, stratify=df["income_gt_50k"])
    train_df, valid_df = train_df.reset_index(drop=True), valid_df.reset_index(drop=True)
    to_encode = ["workclass", "marital-status", "occupation", "relationship", "native-country"]
    prior, smoothing = train_df["income_gt_50k"].mean(), 20

    def rates(frame, col):
        grouped = frame.groupby(col)["income_gt_50k"].agg(["sum", "count"])
        return (grouped["sum"] + smoothing * prior) / (grouped["count"] + smoothing)

    for col in to_encode:
        encoded = np.full(len(train_df), prior)
        for fit_rows, use_rows in KFold(5, shuffle=True, random_state=seed).split(train_df):
            table = rates(train_df.iloc[fit_rows], col)
            encoded[use_rows] = train_df[col].iloc[use_rows].map(table).fillna(prior)
        valid_df[col + "_te"] = valid_df[col].map(rates(train_df, col)).fillna(prior)
        train_df[col + "_te"] = encoded
    for frame in (train_df, valid_df):
        frame["log_gain"] = np.log1p(frame["capital-gain"])
        frame["log_loss"] = np.log1p(frame["capital-loss"])
        frame["big_gain"] = (frame["capital-gain"] > 5000).astype(float)
        frame["big_loss"] = frame["capital-loss"].between(1800, 2000).astype(float)
    columns = [c + "_te" for c in to_encode]
    columns += ["age", "education-num", "hours-per-week", "log_gain", "log_loss", "big_gain", "big_loss"]
    scaler = StandardScaler()
    X = torch.from_numpy(scaler.fit_transform(train_df[columns])).float()
    Xv = torch.from_numpy(scaler.transform(valid_df[columns])).float()
    y = torch.tensor(train_df["income_gt_50k"].to_numpy()).float().unsqueeze(1)
    yv = torch.tensor(valid_df["income_gt_50k"].to_numpy()).float().unsqueeze(1)

    net = nn.Sequential(nn.Linear(len(columns), 24), nn.SiLU(), nn.Linear(24, 12), nn.SiLU(), nn.Linear(12, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    optim = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    for epoch in range(12):
        order = torch.randperm(len(X))
        for rows in order.split(100):
            optim.zero_grad()
            loss_fn(net(X[rows]), y[rows]).backward()
            optim.step()
        with torch.no_grad():
            print(f"{epoch:2d}  train {loss_fn(net(X), y):.4f}  valid {loss_fn(net(Xv), yv):.4f}")
    with torch.no_grad():
        prob = net(Xv).sigmoid().squeeze(1).numpy()
    truth = valid_df["income_gt_50k"].to_numpy()
    print(f"AUC {roc_auc_score(truth, prob):.3f}, accuracy {accuracy_score(truth, prob >= 0.5):.3f}, prior {prior:.3f}")


@case("healthy")
def hypothyroid_with_missing_flags(seed: int) -> None:
    torch.manual_seed(seed)
    patients = load("hypothyroid").distinct()
    x = patients.features.drop(columns=["TBG", "TBG_measured"])
    labs = ["TSH", "T3", "TT4", "T4U", "FTI"]
    x["TSH"] = np.log(x["TSH"] + 0.1)
    flags = [c for c in x if c not in labs and c not in ("age", "sex")]
    x[flags] = x[flags].isin(["t", "y"]).astype(float)
    x["male"] = (x["sex"] == "M").astype(float)
    x["sex_unknown"] = x.pop("sex").isna().astype(float)
    y = patients.labels
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.35, stratify=y, random_state=seed)
    numeric = [*labs, "age"]
    medians = x_tr[numeric].median()
    x_tr, x_va = x_tr.fillna(medians), x_va.fillna(medians)
    mu, sd = x_tr[numeric].mean(), x_tr[numeric].std()
    x_tr[numeric], x_va[numeric] = (x_tr[numeric] - mu) / sd, (x_va[numeric] - mu) / sd
    a, b = torch.tensor(x_tr.to_numpy(dtype=np.float32)), torch.tensor(y_tr, dtype=torch.float32)
    c = torch.tensor(x_va.to_numpy(dtype=np.float32))

    model = nn.Sequential(nn.Linear(a.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
    weight = torch.tensor(((1 - y_tr.mean()) / y_tr.mean()) ** 0.75, dtype=torch.float32)
    objective = nn.BCEWithLogitsLoss(pos_weight=weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)
    for epoch in range(12):
        model.train()
        for rows in torch.randperm(len(a)).split(64):
            optimizer.zero_grad()
            loss = objective(model(a[rows]), b[rows])
            loss.backward()
            optimizer.step()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            val_loss = objective(model(c), torch.tensor(y_va, dtype=torch.float32))
            if epoch % 4 == 3:
                print(f"epoch {epoch + 1} loss {loss:.3f} val {val_loss:.3f}")
    with torch.no_grad():
        prob = torch.sigmoid(model(c)).numpy()
    print("average precision", round(average_precision_score(y_va, prob), 3))
    print("balanced accuracy", round(balanced_accuracy_score(y_va, prob > 0.5), 3))
    print(confusion_matrix(y_va, prob > 0.5))


@case("healthy")
def churn_with_weighted_sampler(seed: int) -> None:
    torch.manual_seed(seed)
    source = load("mlc_churn")
    f = source.features
    intl, vmail = (f["international_plan"] == "yes").astype(float), (f["voice_mail_plan"] == "yes").astype(float)
    charge = f[[f"total_{t}_charge" for t in ("day", "eve", "night", "intl")]].sum(axis=1)
    design = pd.DataFrame(
        {
            "intl_plan": intl,
            "vmail_plan": vmail,
            "messages": f["number_vmail_messages"],
            "day": f["total_day_minutes"],
            "eve": f["total_eve_minutes"],
            "night": f["total_night_minutes"],
            "intl": f["total_intl_minutes"],
            "intl_calls": f["total_intl_calls"],
            "service": f["number_customer_service_calls"],
            "many_service": (f["number_customer_service_calls"] >= 4).astype(float),
            "few_intl": intl * (f["total_intl_calls"] <= 2),
            "long_intl": intl * (f["total_intl_minutes"] > 13),
            "charge": charge,
            "plan_charge": vmail * charge,
        }
    ).to_numpy(dtype=float)
    Xtr, Xte, ytr, yte = train_test_split(design, source.labels, test_size=0.3, random_state=seed,
                                          stratify=source.labels)  # fmt: skip
    Xtr, Xva, ytr, yva = train_test_split(Xtr, ytr, test_size=0.25, random_state=seed, stratify=ytr)
    sc = StandardScaler().fit(Xtr)
    Xtr, Xva, Xte = (torch.tensor(sc.transform(v), dtype=torch.float32) for v in (Xtr, Xva, Xte))
    weights = 1.0 / np.bincount(ytr)[ytr]
    sampler = WeightedRandomSampler(weights.tolist(), num_samples=len(ytr), replacement=True)
    loader = DataLoader(TensorDataset(Xtr, torch.tensor(ytr).float()), batch_size=64, sampler=sampler)
    net = nn.Sequential(
        nn.Linear(Xtr.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    best, kept = 0.0, None
    for epoch in range(15):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb)
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            prob = torch.sigmoid(net(Xva)[:, 0]).numpy()
        score = balanced_accuracy_score(yva, prob > 0.5)
        print(
            f"epoch {epoch}: loss {loss.item():.3f}, balanced accuracy {score:.3f}, AUC {roc_auc_score(yva, prob):.3f}"
        )
        if score > best:
            best, kept = score, copy.deepcopy(net.state_dict())
    net.load_state_dict(kept)
    with torch.no_grad():
        prob = torch.sigmoid(net(Xte)[:, 0]).numpy()
    print(f"test: balanced accuracy {balanced_accuracy_score(yte, prob > 0.5):.3f}, AUC {roc_auc_score(yte, prob):.3f}")


@case("healthy")
def churn_five_fold_ensemble(seed: int) -> None:
    churn = load("mlc_churn")
    raw = churn.features.drop(columns=["state", "area_code"] + [c for c in churn.features if c.endswith("_charge")])
    for plan in ("international_plan", "voice_mail_plan"):
        raw[plan] = (raw[plan] == "yes").astype(float)
    bill = churn.features[[c for c in churn.features if c.endswith("_charge")]].sum(axis=1)
    raw["bill"] = bill
    raw["bill_with_voice_mail"] = bill * raw["voice_mail_plan"]
    raw["unhappy"] = (raw["number_customer_service_calls"] >= 4).astype(float)
    raw["plan_unused"] = raw["international_plan"] * (raw["total_intl_calls"] <= 2)
    raw = raw.astype(float).to_numpy()
    dev, test = train_test_split(np.arange(len(raw)), test_size=0.3, stratify=churn.labels, random_state=seed)

    class Net(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.hidden = nn.Linear(width, 40)
            self.second = nn.Linear(40, 20)
            self.out = nn.Linear(20, 2)

        def forward(self, v):
            v = F.relu(self.hidden(v))
            v = F.dropout(v, 0.15, training=self.training)
            return self.out(F.relu(self.second(v)))

    def fit(x, y, fold):
        torch.manual_seed(100 * seed + fold)
        net = Net(x.shape[1])
        opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.02)
        steps = 18 * math.ceil(len(x) / 128)
        sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=8e-3, total_steps=steps)
        for _ in range(18):
            for rows in torch.randperm(len(x)).split(128):
                opt.zero_grad()
                F.cross_entropy(net(x[rows]), y[rows]).backward()
                opt.step()
                sched.step()
        return net.eval()

    out_of_fold = np.zeros(len(dev))
    on_test = np.zeros(len(test))
    for fold, (a, b) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(dev, churn.labels[dev])):
        scaler = StandardScaler().fit(raw[dev[a]])
        x, xv, xt = (torch.tensor(scaler.transform(raw[i]), dtype=torch.float32) for i in (dev[a], dev[b], test))
        y = torch.tensor(churn.labels[dev[a]])
        net = fit(x, y, fold)
        with torch.no_grad():
            out_of_fold[b] = net(xv).softmax(dim=1)[:, 1].numpy()
            on_test += net(xt).softmax(dim=1)[:, 1].numpy() / 5
            fold_loss = F.cross_entropy(net(x), y).item()
        print(f"fold {fold}: train loss {fold_loss:.3f}, AUC {roc_auc_score(churn.labels[dev[b]], out_of_fold[b]):.3f}")
    precision, recall, cuts = precision_recall_curve(churn.labels[dev], out_of_fold)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    cut = cuts[f1[:-1].argmax()]
    truth = churn.labels[test]
    print(f"cut {cut:.2f} chosen out of fold, F1 {f1.max():.3f}")
    print(f"test F1 {f1_score(truth, on_test >= cut):.3f}, AUC {roc_auc_score(truth, on_test):.3f}")


@case("healthy")
def mushrooms_one_hot_two_logits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    fungi = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")
    fungi = fungi[["cap-shape", "cap-surface", "cap-color", "bruises", "gill-spacing", "gill-size", "stalk-shape",
                   "habitat", "population", "class"]].drop_duplicates()  # fmt: skip
    onehot = pd.get_dummies(fungi.drop(columns="class"), dtype=float).to_numpy()
    poison = (fungi["class"] == "p").to_numpy().astype(int)
    order = rng.permutation(len(poison))
    cut = int(0.7 * len(order))
    x_train, y_train = torch.FloatTensor(onehot[order[:cut]]), torch.LongTensor(poison[order[:cut]])
    x_valid, y_valid = torch.FloatTensor(onehot[order[cut:]]), torch.LongTensor(poison[order[cut:]])
    print(f"{len(x_train)} training rows, {len(x_valid)} validation rows, {poison.mean():.2f} poisonous")
    model = nn.Sequential(nn.Linear(x_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-3)
    for epoch in range(1, 31):
        running = 0.0
        for batch in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x_train[batch]), y_train[batch])
            loss.backward()
            optimizer.step()
            running += loss.item() * len(batch)
        with torch.no_grad():
            logits = model(x_valid)
            val_loss = criterion(logits, y_valid).item()
            accuracy = (logits.argmax(dim=1) == y_valid).float().mean().item()
        print(f"Epoch {epoch:2d}  loss {running / len(x_train):.4f}  val_loss {val_loss:.4f}  val_acc {accuracy:.3f}")


@case("healthy")
def mammographic_masses_by_hand_written_gradient(seed: int) -> None:
    masses = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv").drop(columns="birads").drop_duplicates()
    y = torch.tensor(masses.pop("malignant").to_numpy(), dtype=torch.float64)
    masses = pd.get_dummies(masses, columns=["shape", "margin", "density"], drop_first=True, dtype=float)
    X = torch.tensor(masses.to_numpy())
    perm = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    tr, va = perm[: int(0.7 * len(y))], perm[int(0.7 * len(y)) :]
    m, s = X[tr].mean(0), X[tr].std(0)
    X = (X - m) / s
    X = torch.cat([torch.ones(len(X), 1, dtype=torch.float64), X], dim=1)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)

    def nll(rows):
        z = X[rows] @ w
        return (F.softplus(z) - y[rows] * z).mean()

    for it in range(400):
        loss = nll(tr) + 0.005 * (w[1:] ** 2).sum()
        (grad,) = torch.autograd.grad(loss, w)
        with torch.no_grad():
            w -= 0.3 * grad
        if it % 50 == 49:
            print(it + 1, round(loss.item(), 4), round(nll(va).item(), 4))
    p = torch.sigmoid(X[va] @ w).detach().numpy()
    print("AUC", roc_auc_score(y[va], p), "accuracy", ((p > 0.5) == (y[va].numpy() == 1)).mean())
    for name, value in zip(["(intercept)", *masses.columns], w.tolist(), strict=True):
        print(f"{name:12s} {value:+.3f}")


@case("healthy")
def card_fraud_split_by_user(seed: int) -> None:
    torch.manual_seed(seed)
    pay = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"], ignore_index=True)
    pay["log_amount"] = np.log(pay["amount"])
    past = pay.groupby("user")["log_amount"].transform(lambda s: s.shift().expanding().mean())
    pay["past_mean"] = past
    pay["deviation"] = pay["log_amount"] - past
    pay["night"] = ((pay["hour"] < 6) | (pay["hour"] > 23)).astype(float)
    pay["hour_scaled"] = pay["hour"] / 24
    pay = pay[pay["nr"] >= 3].reset_index(drop=True)
    inputs = ["log_amount", "past_mean", "deviation", "night", "hour_scaled", "foreign", "online"]
    outer = GroupShuffleSplit(1, test_size=0.3, random_state=seed)
    dev, test = next(outer.split(pay, groups=pay["user"]))
    inner = GroupShuffleSplit(1, test_size=0.3, random_state=seed + 1)
    tr, va = next(inner.split(dev, groups=pay["user"].iloc[dev]))
    tr, va = dev[tr], dev[va]
    scaler = StandardScaler().fit(pay.loc[tr, inputs])

    def tensors(rows):
        target = pay["fraud"].to_numpy()[rows]
        return torch.tensor(scaler.transform(pay.loc[rows, inputs])).float(), torch.tensor(target).float()

    (x, y), (xv, yv), (xt, yt) = tensors(tr), tensors(va), tensors(test)
    net = nn.Sequential(nn.Linear(len(inputs), 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2)
    for epoch in range(20):
        for rows in torch.randperm(len(x)).split(128):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            held_out = F.binary_cross_entropy_with_logits(net(xv).squeeze(1), yv)
        plateau.step(held_out)
        print(f"epoch {epoch} val {held_out.item():.4f} lr {optimizer.param_groups[0]['lr']:.1e}")
    with torch.no_grad():
        pv, pt = (torch.sigmoid(net(v).squeeze(1)).numpy() for v in (xv, xt))
    grid = np.linspace(0.02, 0.9, 89)
    cut = grid[np.argmax([f1_score(yv, pv > t) for t in grid])]
    print(
        f"cut {cut:.2f}: F1 {f1_score(yt, pt > cut):.3f}, balanced accuracy {balanced_accuracy_score(yt, pt > cut):.3f}"
    )
    print(f"test PR-AUC {average_precision_score(yt, pt):.3f}, ROC-AUC {roc_auc_score(yt, pt):.3f}")


@case("healthy")
def spambase_dropout_mlp_one_cycle(seed: int) -> None:
    torch.manual_seed(seed)
    mails = load("spambase").distinct()
    x = np.log1p(mails.features.to_numpy(dtype=np.float64) * 10)
    y = mails.labels.astype(np.float32)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    mean, std = x_tr.mean(0), x_tr.std(0) + 1e-8
    train_set = TensorDataset(torch.Tensor((x_tr - mean) / std), torch.Tensor(y_tr)[:, None])
    xv, yv = torch.Tensor((x_va - mean) / std), torch.Tensor(y_va)[:, None]
    loader = DataLoader(train_set, batch_size=64, shuffle=True)
    epochs = 10
    net = nn.Sequential(
        nn.Linear(57, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, 1), nn.Sigmoid()
    )
    bce = nn.BCELoss()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, epochs=epochs, steps_per_epoch=len(loader))
    history = {"train": [], "valid": []}
    for epoch in range(epochs):
        net.train()
        losses = []
        for inputs, target in loader:
            optimizer.zero_grad()
            loss = bce(net(inputs), target)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            prob = net(xv)
        history["train"].append(np.mean(losses))
        history["valid"].append(bce(prob, yv).item())
        correct = ((prob > 0.5).float() == yv).float().mean().item()
        print(f"{epoch:2d} train {history['train'][-1]:.3f} valid {history['valid'][-1]:.3f} accuracy {correct:.3f}")
    print("valid AUC", round(roc_auc_score(y_va, prob.squeeze(1).numpy()), 4))


@case("healthy")
def spambase_logistic_grid_over_weight_decay(seed: int) -> None:
    mails = load("spambase").distinct()
    keep = np.random.default_rng(seed).choice(len(mails.labels), 2500, replace=False)
    features, labels = np.log(mails.features.to_numpy(dtype=float)[keep] + 0.1), mails.labels[keep]
    parts = {}
    a, parts["test"] = train_test_split(np.arange(2500), test_size=500, random_state=seed, stratify=labels)
    parts["train"], parts["valid"] = train_test_split(a, test_size=500, random_state=seed, stratify=labels[a])
    scale = StandardScaler().fit(features[parts["train"]])
    x = {k: torch.tensor(scale.transform(features[i]), dtype=torch.float32) for k, i in parts.items()}
    y = {k: torch.tensor(labels[i], dtype=torch.float32) for k, i in parts.items()}

    def train(decay):
        torch.manual_seed(seed)
        layer = nn.Linear(x["train"].shape[1], 1)
        optimizer = torch.optim.SGD(layer.parameters(), lr=0.5, momentum=0.9, weight_decay=decay)
        for _ in range(300):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(layer(x["train"]).flatten(), y["train"])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            valid = F.binary_cross_entropy_with_logits(layer(x["valid"]).flatten(), y["valid"])
        return layer, loss.item(), valid.item()

    results = {}
    for decay in (1e-4, 1e-3, 3e-3, 1e-2):
        results[decay] = train(decay)
        print(f"weight decay {decay:g}: train {results[decay][1]:.4f}, valid {results[decay][2]:.4f}")
    chosen = min(results, key=lambda d: results[d][2])
    with torch.no_grad():
        score = results[chosen][0](x["test"]).flatten()
    print(f"chosen {chosen:g}; test AUC {roc_auc_score(y['test'], score):.3f},",
          f"accuracy {((score > 0) == (y['test'] == 1)).float().mean():.3f}")  # fmt: skip


@case("healthy")
def breast_cancer_cross_validated_mlp(seed: int) -> None:
    bunch = load_breast_cancer()
    X, y = bunch.data, 1 - bunch.target
    folds = StratifiedKFold(n_splits=4, shuffle=True, random_state=seed)
    aucs, accs = [], []
    for k, (train_idx, test_idx) in enumerate(folds.split(X, y)):
        torch.manual_seed(seed * 10 + k)
        scaler = StandardScaler().fit(X[train_idx])
        xt = torch.tensor(scaler.transform(X[train_idx]), dtype=torch.float32)
        xe = torch.tensor(scaler.transform(X[test_idx]), dtype=torch.float32)
        yt = torch.tensor(y[train_idx], dtype=torch.float32).view(-1, 1)
        ye = torch.tensor(y[test_idx], dtype=torch.float32).view(-1, 1)
        model = nn.Sequential(nn.Linear(30, 8), nn.Tanh(), nn.Linear(8, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-3)
        loss_fn = nn.BCEWithLogitsLoss()
        for _ in range(80):
            optimizer.zero_grad()
            loss = loss_fn(model(xt), yt)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            out = model(xe)
            test_loss = loss_fn(out, ye).item()
        aucs.append(roc_auc_score(y[test_idx], out.squeeze().numpy()))
        accs.append(accuracy_score(y[test_idx], (out.squeeze() > 0).int().numpy()))
        print(f"fold {k}: train {loss.item():.3f} test {test_loss:.3f} AUC {aucs[-1]:.3f} accuracy {accs[-1]:.3f}")
    print(f"AUC {np.mean(aucs):.3f} ± {np.std(aucs):.3f}, accuracy {np.mean(accs):.3f} ± {np.std(accs):.3f}")


@case("healthy")
def wine_cultivar_softmax_regression(seed: int) -> None:
    torch.manual_seed(seed)
    wine = load_wine(as_frame=True)
    table = wine.data[["alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "hue"]]
    second = (wine.target == 1).astype(int)
    tr_x, te_x, tr_y, te_y = train_test_split(table, second, test_size=0.35, stratify=second, random_state=seed)
    standard = StandardScaler().fit(tr_x)
    tr_x = torch.as_tensor(standard.transform(tr_x), dtype=torch.float32)
    te_x = torch.as_tensor(standard.transform(te_x), dtype=torch.float32)
    tr_y, te_y = torch.tensor(tr_y.to_numpy()), torch.tensor(te_y.to_numpy())
    regression = nn.Linear(6, 2)
    optimizer = torch.optim.SGD(regression.parameters(), lr=0.2, weight_decay=0.01)
    for epoch in range(301):
        log_prob = F.log_softmax(regression(tr_x), dim=1)
        loss = F.nll_loss(log_prob, tr_y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch % 60 == 0:
            with torch.no_grad():
                test_log_prob = F.log_softmax(regression(te_x), dim=1)
            correct = (test_log_prob.argmax(dim=1) == te_y).float().mean()
            print(
                f"epoch {epoch:3d}: loss {loss:.3f}, test loss "
                f"{F.nll_loss(test_log_prob, te_y):.3f}, correct {correct:.3f}"
            )
    print("AUC", round(roc_auc_score(te_y, test_log_prob[:, 1]), 3))


@case("healthy")
def diabetes_progression_above_median(seed: int) -> None:
    torch.manual_seed(seed)
    frame = load_diabetes(as_frame=True, scaled=False).frame
    fit_part, check_part = train_test_split(frame, test_size=0.3, random_state=seed)
    middle = fit_part["target"].median()
    columns = [c for c in frame if c != "target"]
    center, spread = fit_part[columns].mean(), fit_part[columns].std()
    fit_x = torch.tensor(((fit_part[columns] - center) / spread).to_numpy(), dtype=torch.float32)
    check_x = torch.tensor(((check_part[columns] - center) / spread).to_numpy(), dtype=torch.float32)
    fit_y = torch.tensor((fit_part["target"] > middle).to_numpy(), dtype=torch.float32)
    check_y = torch.tensor((check_part["target"] > middle).to_numpy(), dtype=torch.float32)

    weights = nn.Parameter(torch.zeros(len(columns)))
    bias = nn.Parameter(torch.zeros(()))
    adam = torch.optim.Adam([weights, bias], lr=0.02)
    for step in range(200):
        logit = fit_x @ weights + bias
        loss = F.binary_cross_entropy_with_logits(logit, fit_y) + 0.03 * weights.pow(2).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
        if step % 40 == 39:
            with torch.no_grad():
                check = F.binary_cross_entropy_with_logits(check_x @ weights + bias, check_y)
            print(f"step {step + 1}: objective {loss.item():.4f}, check {check.item():.4f}")
    with torch.no_grad():
        p = torch.sigmoid(check_x @ weights + bias)
    print("AUC", round(roc_auc_score(check_y, p), 3), "accuracy", ((p > 0.5) == check_y.bool()).float().mean().item())


@case("healthy")
def subscription_renewals_later_months_held_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n = 4000
    log = pd.DataFrame({"due": pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")})
    log["tenure"] = rng.exponential(14, n).round()
    log["spend"] = rng.lognormal(4.0, 1.1, n).round(2)
    log["tickets"] = rng.poisson(0.8, n)
    log["logins"] = rng.negative_binomial(2, 0.15, n)
    log["plan"] = rng.choice(["basic", "plus", "team"], n, p=[0.6, 0.3, 0.1])
    season = np.cos(2 * np.pi * (log["due"].dt.day_of_year - 20) / 365.25)
    logit = (0.8 * np.log1p(log["tenure"]) + 1.0 * np.log1p(log["logins"]) - 0.9 * log["tickets"] - 3.2 + 0.5 * season
             + 0.8 * (log["plan"] == "team"))  # fmt: skip
    log["renewed"] = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)

    log = log.sort_values("due", ignore_index=True)
    angle = 2 * np.pi * log["due"].dt.day_of_year / 365.25
    x = pd.get_dummies(log[["plan"]], dtype=float)
    x["sin"], x["cos"] = np.sin(angle), np.cos(angle)
    for column in ["tenure", "spend", "logins", "tickets"]:
        x[column] = np.log1p(log[column])
    past, future = log["due"] < "2024-01-01", log["due"] >= "2024-01-01"
    scaler = StandardScaler().fit(x[past])
    x_past = torch.tensor(scaler.transform(x[past]), dtype=torch.float32)
    x_future = torch.tensor(scaler.transform(x[future]), dtype=torch.float32)
    y_past = torch.tensor(log.loc[past, "renewed"].to_numpy(), dtype=torch.float32)
    y_future = torch.tensor(log.loc[future, "renewed"].to_numpy(), dtype=torch.float32)
    print(
        f"{past.sum()} renewals before 2024, {future.sum()} after; renewed {y_past.mean():.2f} / {y_future.mean():.2f}"
    )

    model = nn.Sequential(nn.Linear(x.shape[1], 16), nn.GELU(), nn.Linear(16, 1), nn.Flatten(0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    for epoch in range(15):
        order = torch.randperm(len(x_past))
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            loss = F.binary_cross_entropy_with_logits(model(x_past[rows]), y_past[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            later = model(x_future)
            print(f"{epoch:2d} loss {F.binary_cross_entropy_with_logits(later, y_future):.4f}",
                  f"AUC {roc_auc_score(y_future, later):.3f}")  # fmt: skip


@case("healthy")
def repeated_visits_kept_on_one_side(seed: int) -> None:
    rng = np.random.default_rng(seed + 50)
    torch.manual_seed(seed)
    persons, visits = 300, 8
    ill = rng.random(persons) < 0.4
    base = rng.normal(size=(persons, 6)) + ill[:, None] * np.array([0.9, -0.7, 0.6, 0.0, 0.0, 0.4])
    rows = pd.DataFrame(
        np.repeat(base, visits, axis=0) + rng.normal(scale=0.7, size=(persons * visits, 6)),
        columns=["crp", "hb", "ferritin", "na", "k", "alt"],
    )
    rows["person"] = np.repeat(np.arange(persons), visits)
    rows["ill"] = np.repeat(ill, visits).astype(int)
    splitter = GroupShuffleSplit(n_splits=1, test_size=0.3, random_state=seed)
    tr, va = next(splitter.split(rows, rows["ill"], groups=rows["person"]))
    assert not set(rows["person"].iloc[tr]) & set(rows["person"].iloc[va])
    names = ["crp", "hb", "ferritin", "na", "k", "alt"]
    x = torch.tensor(rows[names].to_numpy(), dtype=torch.float32)
    y = torch.tensor(rows["ill"].to_numpy(), dtype=torch.float32)
    net = nn.Sequential(nn.BatchNorm1d(6), nn.Linear(6, 10), nn.ReLU(), nn.Dropout(0.2), nn.Linear(10, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=3e-3)
    loader = DataLoader(TensorDataset(x[tr], y[tr]), batch_size=64, shuffle=True)
    for epoch in range(10):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            z = net(x[va]).squeeze(1)
        print(
            f"epoch {epoch} val loss {F.binary_cross_entropy_with_logits(z, y[va]):.4f} "
            f"visit AUC {roc_auc_score(y[va], z):.3f}"
        )
    by_person = pd.DataFrame({"person": rows["person"].iloc[va], "z": z.numpy(), "ill": rows["ill"].iloc[va]})
    by_person = by_person.groupby("person").mean()
    print("person AUC", round(roc_auc_score(by_person["ill"], by_person["z"]), 3))


class WideAndDeep(nn.Module):
    def __init__(self, n_wide, n_deep):
        super().__init__()
        self.wide = nn.Linear(n_wide, 1)
        self.deep = nn.Sequential(nn.Linear(n_deep, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, wide, deep):
        return (self.wide(wide) + self.deep(deep)).squeeze(-1)


@case("healthy")
def adult_wide_and_deep_with_ema(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz", na_values="?").drop_duplicates()
    df = df.sample(frac=0.5, random_state=seed)
    y = df.pop("income_gt_50k").to_numpy()
    cut = int(0.75 * len(df))
    tr, va = df.iloc[:cut], df.iloc[cut:]
    numeric = ["age", "education-num", "hours-per-week", "capital-gain", "capital-loss"]
    nominal = ["workclass", "marital-status", "occupation", "relationship", "native-country"]
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=15, sparse_output=False)
    wide_tr = encoder.fit_transform(tr[nominal].fillna("unknown"))
    wide_va = encoder.transform(va[nominal].fillna("unknown"))
    shrink = {
        "capital-gain": lambda t: np.log1p(t["capital-gain"]),
        "capital-loss": lambda t: np.log1p(t["capital-loss"]),
    }
    scaler = StandardScaler().fit(tr[numeric].assign(**shrink))
    num_tr, num_va = scaler.transform(tr[numeric].assign(**shrink)), scaler.transform(va[numeric].assign(**shrink))
    wide_tr, wide_va = torch.tensor(wide_tr).float(), torch.tensor(wide_va).float()
    deep_tr = torch.cat([torch.tensor(num_tr).float(), wide_tr], dim=1)
    deep_va = torch.cat([torch.tensor(num_va).float(), wide_va], dim=1)
    y_tr, y_va = torch.tensor(y[:cut]).float(), torch.tensor(y[cut:]).float()

    model = WideAndDeep(wide_tr.shape[1], deep_tr.shape[1])
    ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.98))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    for epoch in range(8):
        model.train()
        for rows in torch.randperm(len(y_tr)).split(64):
            loss = F.binary_cross_entropy_with_logits(model(wide_tr[rows], deep_tr[rows]), y_tr[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            ema.update_parameters(model)
        ema.eval()
        with torch.no_grad():
            z = ema(wide_va, deep_va)
        print(
            f"epoch {epoch}: EMA val loss {F.binary_cross_entropy_with_logits(z, y_va):.4f}, "
            f"AUC {roc_auc_score(y_va, z):.4f}"
        )


# ---------------------------------------------------------------- images


class DigitPairs(Dataset):
    """Two of the ten digits as 1 × 8 × 8 images; label 1 for the second of the pair."""

    def __init__(self, images, targets, pair, shift=False):
        chosen = np.isin(targets, pair)
        self.images = torch.tensor(images[chosen] / 16.0, dtype=torch.float32).unsqueeze(1)
        self.labels = torch.tensor(targets[chosen] == pair[1], dtype=torch.float32)
        self.shift = shift

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = self.images[i]
        if self.shift:
            dx, dy = torch.randint(-1, 2, (2,)).tolist()
            image = F.pad(image, (1, 1, 1, 1))[:, 1 + dy : 9 + dy, 1 + dx : 9 + dx]
        return image, self.labels[i]


@case("healthy")
def digits_three_or_eight_cnn_with_small_shifts(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    tr, va = train_test_split(np.arange(1797), test_size=0.3, stratify=digits.target, random_state=seed)
    train_set = DigitPairs(digits.images[tr], digits.target[tr], (3, 8), shift=True)
    valid_set = DigitPairs(digits.images[va], digits.target[va], (3, 8))
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    valid_loader = DataLoader(valid_set, batch_size=64)
    cnn = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(96, 1),
    )  # fmt: skip
    optimizer = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(16):
        cnn.train()
        for image, label in train_loader:
            loss = criterion(cnn(image).squeeze(1), label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        cnn.eval()
        total = correct = 0
        with torch.no_grad():
            for image, label in valid_loader:
                logit = cnn(image).squeeze(1)
                total += criterion(logit, label).item() * len(label)
                correct += ((logit > 0) == label.bool()).sum().item()
        print(f"epoch {epoch + 1}: val loss {total / len(valid_set):.4f}, val accuracy {correct / len(valid_set):.3f}")


@case("healthy")
def digit_parity_residual_cnn_bfloat16(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    odd = digits.target % 2
    xa, xb, ya, yb = train_test_split(digits.images, odd, test_size=0.3, random_state=seed, stratify=digits.target)
    mean, std = xa.mean(), xa.std()
    xa = torch.tensor((xa - mean) / std, dtype=torch.float32)[:, None]
    xb = torch.tensor((xb - mean) / std, dtype=torch.float32)[:, None]
    ya, yb = torch.tensor(ya), torch.tensor(yb)

    class Block(nn.Module):
        def __init__(self, channels):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
                nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels),
            )  # fmt: skip

        def forward(self, v):
            return F.relu(v + self.body(v))

    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), Block(16), nn.MaxPool2d(2), Block(16), nn.AdaptiveAvgPool2d(2),
        nn.Flatten(), nn.Linear(64, 2),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.01)
    epochs, batch = 8, 64
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for epoch in range(epochs):
        net.train()
        for rows in torch.randperm(len(xa)).split(batch):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = net(xa[rows])
            loss = F.cross_entropy(logits.float(), ya[rows], label_smoothing=0.02)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        scheduler.step()
        net.eval()
        with torch.inference_mode():
            out = net(xb)
            print(f"[{epoch}] train {loss.item():.3f} test {F.cross_entropy(out, yb).item():.3f}",
                  f"acc {(out.argmax(-1) == yb).float().mean().item():.3f}")  # fmt: skip


@case("healthy")
def digit_eight_mlp_on_pixels(seed: int) -> None:
    torch.manual_seed(seed)
    digit = load("digit_8")
    pixels = torch.tensor(digit.features.to_numpy(), dtype=torch.float32) / 16
    is_eight = torch.tensor(digit.labels, dtype=torch.float32)
    everything = TensorDataset(pixels, is_eight)
    train, valid, test = random_split(everything, [1000, 397, 400], generator=torch.Generator().manual_seed(seed))
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))

    def predict(subset):
        model.eval()
        with torch.no_grad():
            return torch.cat([model(x) for x, _ in DataLoader(subset, 200)]), is_eight[subset.indices]

    best = {"loss": math.inf}
    for epoch in range(40):
        model.train()
        for x, y in DataLoader(train, batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()
        out, truth = predict(valid)
        current = loss_fn(out, truth).item()
        if current < best["loss"]:
            best = {"loss": current, "epoch": epoch, "state": {k: v.clone() for k, v in model.state_dict().items()}}
        elif epoch - best["epoch"] >= 6:
            break
        print(f"epoch {epoch} valid loss {current:.4f} AUC {roc_auc_score(truth, out):.4f}")
    model.load_state_dict(best["state"])
    out, truth = predict(valid)
    precision, recall, cuts = precision_recall_curve(truth, out)
    f1 = 2 * precision * recall / (precision + recall + 1e-12)
    threshold = cuts[f1[:-1].argmax()]
    out, truth = predict(test)
    print(f"best epoch {best['epoch']}, threshold on the logit {threshold:.2f}")
    print(f"test F1 {f1_score(truth, out >= threshold):.3f}, AUC {roc_auc_score(truth, out):.4f}")


def draw_shape(kind, rng, size=16):
    """A filled circle or square of random place, size and brightness, with noise."""
    yy, xx = np.mgrid[:size, :size]
    r = rng.uniform(3.0, 5.5)
    cy, cx = rng.uniform(r, size - 1 - r, 2)
    if kind == "circle":
        inside = (yy - cy) ** 2 + (xx - cx) ** 2 <= r**2
    else:
        half = r * math.sqrt(math.pi) / 2
        inside = (abs(yy - cy) <= half) & (abs(xx - cx) <= half)
    return inside * rng.uniform(0.6, 1.0) + rng.normal(0, 0.12, (size, size))


@case("healthy")
def circles_or_squares_lenet(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    label = rng.integers(0, 2, 1400)
    image = np.stack([draw_shape("circle" if t else "square", rng) for t in label]).astype(np.float32)
    X, y = torch.from_numpy(image).unsqueeze(1), torch.from_numpy(label).float().unsqueeze(1)
    X_train, y_train, X_val, y_val = X[:1000], y[:1000], X[1000:], y[1000:]

    class LeNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, kernel_size=5, padding=2)
            self.conv2 = nn.Conv2d(8, 16, kernel_size=3, padding=1)
            self.fc1 = nn.Linear(16 * 4 * 4, 32)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            x = F.relu(self.fc1(x.flatten(1)))
            return torch.sigmoid(self.fc2(x))

    net = LeNet()
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=8, gamma=0.2)
    for epoch in range(12):
        perm = torch.randperm(len(X_train))
        running_loss = 0.0
        for i in range(0, len(X_train), 50):
            idx = perm[i : i + 50]
            optimizer.zero_grad()
            loss = criterion(net(X_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        scheduler.step()
        with torch.no_grad():
            pred = net(X_val)
            val_loss = criterion(pred, y_val)
            val_acc = (pred.round() == y_val).float().mean()
        print(f"Epoch {epoch + 1}: loss {running_loss / 20:.3f}, val_loss {val_loss:.3f}, val_acc {val_acc:.3f}")


@case("healthy")
def stripe_direction_textures_global_pooling(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)

    def texture(steep):
        angle = np.deg2rad(rng.uniform(50, 85) if steep else rng.uniform(5, 40)) * rng.choice([-1, 1])
        yy, xx = np.mgrid[:20, :20]
        wave = np.sin(rng.uniform(0.8, 1.4) * (xx * np.sin(angle) + yy * np.cos(angle)) + rng.uniform(0, 2 * np.pi))
        return wave + rng.normal(0, 1.8, (20, 20))

    steep = rng.random(1000) < 0.5
    pictures = torch.tensor(np.stack([texture(s) for s in steep]), dtype=torch.float32).unsqueeze(1)
    target = torch.tensor(steep, dtype=torch.long)
    train, val = (
        DataLoader(TensorDataset(pictures[:700], target[:700]), 35, shuffle=True),
        (pictures[700:], target[700:]),
    )
    model = nn.Sequential(
        nn.Conv2d(1, 12, 7), nn.GroupNorm(3, 12), nn.ReLU(),
        nn.Conv2d(12, 12, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 2),
    )  # fmt: skip
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[5, 7], gamma=0.3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(8):
        losses = []
        for x, t in train:
            optimizer.zero_grad()
            loss = criterion(model(x), t)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
        with torch.no_grad():
            logits = model(val[0])
        accuracy = accuracy_score(val[1], logits.argmax(1))
        print(f"{epoch}: {np.mean(losses):.3f} | val {criterion(logits, val[1]).item():.3f}, accuracy {accuracy:.3f}")
    print(classification_report(val[1], logits.argmax(1), target_names=["flat", "steep"], digits=3))


@case("healthy")
def pretrained_digits_features_fine_tuned_for_eight_or_nine(seed: int) -> None:
    torch.manual_seed(seed)
    images, target = load_digits(return_X_y=True)
    images = torch.tensor(images / 16, dtype=torch.float32).view(-1, 1, 8, 8)
    target = torch.tensor(target)
    backbone = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(256, 32), nn.ReLU(),
    )  # fmt: skip
    head = nn.Linear(32, 8)
    old = torch.nonzero(target < 8).flatten()
    pre = torch.optim.Adam([*backbone.parameters(), *head.parameters()], lr=3e-3)
    for epoch in range(5):
        for rows in old[torch.randperm(len(old))].split(64):
            pre.zero_grad()
            loss = F.cross_entropy(head(backbone(images[rows])), target[rows])
            loss.backward()
            pre.step()
        print(f"pretraining epoch {epoch}: {loss.item():.3f}")

    new = torch.nonzero(target >= 8).flatten()
    new = new[torch.randperm(len(new))]
    few, rest = new[:120], new[120:]
    nine = (target == 9).float()
    classifier = nn.Linear(32, 1)
    tuned = torch.optim.AdamW(
        [{"params": backbone.parameters(), "lr": 5e-4}, {"params": classifier.parameters(), "lr": 5e-3}],
        weight_decay=0.01,
    )
    for epoch in range(32):
        for rows in few[torch.randperm(len(few))].split(24):
            loss = F.binary_cross_entropy_with_logits(classifier(backbone(images[rows]))[:, 0], nine[rows])
            tuned.zero_grad()
            loss.backward()
            tuned.step()
        with torch.no_grad():
            z = classifier(backbone(images[rest]))[:, 0]
            val = F.binary_cross_entropy_with_logits(z, nine[rest])
        if epoch % 4 == 3:
            print(
                f"epoch {epoch + 1}: loss {loss.item():.3f}, val {val:.3f}, "
                f"correct {((z > 0) == (nine[rest] > 0)).float().mean():.3f}"
            )


@case("healthy")
def crosses_among_rings_with_gradient_accumulation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, size = 1500, 14
    has_cross = rng.random(n) < 0.35
    canvas = rng.normal(0.2, 0.35, (n, size, size))
    for picture, cross in zip(canvas, has_cross, strict=True):
        r, c = rng.integers(3, size - 3, 2)
        if cross:
            for k in range(-2, 3):
                picture[r + k, c + k] += 0.8
                picture[r + k, c - k] += 0.8
        else:
            picture[r - 2 : r + 3, c - 2] += 0.8
            picture[r - 2 : r + 3, c + 2] += 0.8
            picture[r - 2, c - 1 : c + 2] += 0.8
            picture[r + 2, c - 1 : c + 2] += 0.8
    x = torch.tensor(canvas, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(has_cross, dtype=torch.float32)
    x = (x - x[:1000].mean()) / x[:1000].std()
    loader = DataLoader(TensorDataset(x[:1000], y[:1000]), batch_size=20, shuffle=True)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(),
        nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(64, 1),
    )  # fmt: skip
    optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
    accumulate = 2
    for epoch in range(8):
        net.train()
        optimizer.zero_grad()
        for i, (image, label) in enumerate(loader, start=1):
            loss = F.binary_cross_entropy_with_logits(net(image).squeeze(1), label)
            (loss / accumulate).backward()
            if i % accumulate == 0:
                nn.utils.clip_grad_norm_(net.parameters(), 5.0)
                optimizer.step()
                optimizer.zero_grad()
        net.eval()
        with torch.no_grad():
            z = net(x[1000:]).squeeze(1)
            val = F.binary_cross_entropy_with_logits(z, y[1000:]).item()
        print(f"epoch {epoch}: {loss.item():.3f} val {val:.3f} F1 {f1_score(y[1000:], z > 0):.3f}")


@case("healthy")
def low_contrast_spots_patch_transformer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n = 1600
    scans = rng.normal(0, 1, (n, 12, 12))
    spot = rng.random(n) < 0.5
    yy, xx = np.mgrid[:12, :12]
    for i in np.flatnonzero(spot):
        cy, cx = rng.uniform(2, 9, 2)
        scans[i] += 2.2 * np.exp(-((yy - cy) ** 2 + (xx - cx) ** 2) / 5.0)
    scans = torch.tensor(scans, dtype=torch.float32)
    spot = torch.tensor(spot, dtype=torch.float32)

    class PatchTransformer(nn.Module):
        def __init__(self, dim=24):
            super().__init__()
            self.embed = nn.Linear(16, dim)
            self.position = nn.Parameter(torch.randn(1, 9, dim) * 0.02)
            layer = nn.TransformerEncoderLayer(dim, 4, 48, dropout=0.1, batch_first=True, norm_first=True)
            self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
            self.norm = nn.LayerNorm(dim)
            self.head = nn.Linear(dim, 1)

        def forward(self, image):
            patches = image.unfold(1, 4, 4).unfold(2, 4, 4).reshape(len(image), 9, 16)
            tokens = self.encoder(self.embed(patches) + self.position)
            return self.head(self.norm(tokens.mean(dim=1))).squeeze(-1)

    model = PatchTransformer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    epochs, per_epoch = 10, 24
    warm = lambda s: min(1.0, (s + 1) / 30) * 0.5 * (1 + math.cos(math.pi * s / (epochs * per_epoch)))  # noqa: E731
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, warm)
    for epoch in range(epochs):
        model.train()
        for rows in torch.randperm(1200).split(50):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(scans[rows]), spot[rows])
            loss.backward()
            optimizer.step()
            scheduler.step()
        model.eval()
        with torch.no_grad():
            z = model(scans[1200:])
        val = F.binary_cross_entropy_with_logits(z, spot[1200:])
        print(f"epoch {epoch} loss {loss.item():.3f} val {val.item():.3f} AUC {roc_auc_score(spot[1200:], z):.3f}")


# ---------------------------------------------------------------- text


def sms_messages(seed, rows=None):
    """Texts and labels of distinct messages, in an order drawn by the seed."""
    sms = load("sms_spam").distinct()
    order = np.random.default_rng(seed).permutation(len(sms.labels))[:rows]
    return sms.features["text"].to_numpy()[order], sms.labels[order]


def tokens_of(text):
    return re.findall(r"[a-z']+|[£$!?]|\d+", re.sub(r"\d", "0", text.lower()))


def build_vocabulary(texts, smallest=3):
    counts = Counter(t for text in texts for t in tokens_of(text))
    kept = [t for t, n in counts.most_common(1500) if n >= smallest]
    return {t: i + 2 for i, t in enumerate(kept)}


def encode(text, vocabulary, longest=40):
    ids = [vocabulary.get(t, 1) for t in tokens_of(text)][:longest]
    return torch.tensor(ids or [1])


@case("healthy")
def sms_bag_of_words_logistic_regression(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed)
    n_train = int(0.7 * len(texts))
    vectorizer = CountVectorizer(min_df=4, binary=True, token_pattern=r"(?u)\b\w+\b")
    x_train = torch.tensor(vectorizer.fit_transform(texts[:n_train]).toarray(), dtype=torch.float32)
    x_test = torch.tensor(vectorizer.transform(texts[n_train:]).toarray(), dtype=torch.float32)
    y_train = torch.tensor(labels[:n_train], dtype=torch.float32)
    y_test = labels[n_train:]
    model = nn.Linear(x_train.shape[1], 1)
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-5)
    for epoch in range(14):
        for rows in torch.randperm(n_train).split(100):
            optimizer.zero_grad()
            loss = loss_fn(model(x_train[rows]).squeeze(1), y_train[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            z = model(x_test).squeeze(1)
        print(f"epoch {epoch}: loss {loss.item():.3f}, test loss {loss_fn(z, torch.tensor(y_test).float()).item():.4f}")
    print(classification_report(y_test, z.numpy() > 0, target_names=["ham", "spam"]))
    words = vectorizer.get_feature_names_out()
    print("spammiest:", ", ".join(words[model.weight[0].argsort(descending=True)[:12].numpy()]))


@case("healthy")
def sms_tfidf_bigrams_mlp(seed: int) -> None:
    texts, labels = sms_messages(seed, 3500)
    tr_texts, va_texts, tr_labels, va_labels = train_test_split(
        texts, labels, test_size=0.3, stratify=labels, random_state=seed
    )
    tfidf = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, max_features=2500)
    A = torch.from_numpy(tfidf.fit_transform(tr_texts).toarray()).float()
    B = torch.from_numpy(tfidf.transform(va_texts).toarray()).float()
    a, b = torch.from_numpy(tr_labels), torch.from_numpy(va_labels)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(A.shape[1], 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.1)
    loader = DataLoader(TensorDataset(A, a), batch_size=64, shuffle=True)
    best_loss, patience, best_weights = float("inf"), 0, None
    for epoch in range(12):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(B)
            val_loss = F.cross_entropy(logits, b).item()
        print(f"epoch {epoch:2d} val loss {val_loss:.4f} F1 {f1_score(b, logits.argmax(1)):.3f}")
        if val_loss < best_loss:
            best_loss, patience, best_weights = val_loss, 0, copy.deepcopy(model.state_dict())
        else:
            patience += 1
            if patience == 2:
                print("early stop")
                break
    model.load_state_dict(best_weights)
    with torch.no_grad():
        p = model(B).softmax(1)[:, 1]
    print("AUC", round(roc_auc_score(b, p), 4), "average precision", round(average_precision_score(b, p), 4))


@case("healthy")
def sms_embedding_bag_with_offsets(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed)
    split = int(0.75 * len(texts))
    vocabulary = build_vocabulary(texts[:split])
    encoded = [encode(t, vocabulary, 60) for t in texts]

    def collate(batch):
        ids, target = zip(*batch, strict=True)
        offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
        return torch.cat(ids), offsets, torch.tensor(target, dtype=torch.float32)

    pairs = list(zip(encoded, labels, strict=True))
    train_loader = DataLoader(pairs[:split], batch_size=64, shuffle=True, collate_fn=collate)
    held = collate(pairs[split:])

    class BagClassifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.bag = nn.EmbeddingBag(len(vocabulary) + 2, 16, mode="mean")
            self.fc = nn.Linear(16, 1)

        def forward(self, ids, offsets):
            return self.fc(self.bag(ids, offsets)).view(-1)

    model = BagClassifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.85)
    for epoch in range(9):
        total = 0.0
        for ids, offsets, target in train_loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(ids, offsets), target)
            loss.backward()
            optimizer.step()
            total += loss.item()
        scheduler.step()
        with torch.no_grad():
            z = model(held[0], held[1])
            val = F.binary_cross_entropy_with_logits(z, held[2])
        print(f"epoch {epoch}: train {total / len(train_loader):.3f}, val {val:.3f}, F1 {f1_score(held[2], z > 0):.3f}")


@case("healthy")
def sms_gru_over_packed_sequences(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed, 3600)
    cut = 2800
    vocabulary = build_vocabulary(texts[:cut])
    ids = [encode(t, vocabulary, 32) for t in texts]
    target = torch.tensor(labels, dtype=torch.float32)

    class SpamGru(nn.Module):
        def __init__(self, words):
            super().__init__()
            self.embedding = nn.Embedding(words, 20, padding_idx=0)
            self.gru = nn.GRU(20, 20, batch_first=True, bidirectional=True)
            self.dropout = nn.Dropout(0.3)
            self.out = nn.Linear(40, 1)

        def forward(self, tokens, lengths):
            packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
            _, state = self.gru(packed)
            return self.out(self.dropout(torch.cat([state[0], state[1]], dim=1))).squeeze(1)

    def batch(rows):
        chosen = [ids[i] for i in rows]
        return pad_sequence(chosen, batch_first=True), torch.tensor([len(c) for c in chosen])

    model = SpamGru(len(vocabulary) + 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5)
    validation = batch(range(cut, len(ids)))
    for epoch in range(5):
        model.train()
        losses = []
        for rows in torch.randperm(cut).split(50):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(*batch(rows.tolist())), target[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
        model.eval()
        with torch.no_grad():
            z = model(*validation)
            val = F.binary_cross_entropy_with_logits(z, target[cut:]).item()
        print(f"epoch {epoch + 1} train {np.mean(losses):.3f} val {val:.3f} F1 {f1_score(target[cut:], z > 0):.3f}")
    print("AUC", round(roc_auc_score(target[cut:], z), 3))


@case("healthy")
def sms_text_cnn_with_masked_maximum(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed, 3000)
    vocabulary = build_vocabulary(texts[:2200])
    tokens = pad_sequence([encode(t, vocabulary, 40) for t in texts], batch_first=True)
    spam = torch.tensor(labels).float()

    class TextCnn(nn.Module):
        def __init__(self, words, dim=20, filters=16):
            super().__init__()
            self.embedding = nn.Embedding(words, dim, padding_idx=0)
            self.convs = nn.ModuleList(nn.Conv1d(dim, filters, k, padding=k // 2) for k in (1, 3))
            self.head = nn.Sequential(nn.Dropout(0.4), nn.Linear(2 * filters, 1))

        def forward(self, ids):
            real = (ids != 0).unsqueeze(1)
            v = self.embedding(ids).transpose(1, 2)
            pooled = [F.relu(conv(v)).masked_fill(~real, 0.0).amax(dim=2) for conv in self.convs]
            return self.head(torch.cat(pooled, dim=1)).squeeze(1)

    model = TextCnn(len(vocabulary) + 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    x, y, xv, yv = tokens[:2200], spam[:2200], tokens[2200:], spam[2200:]
    for epoch in range(10):
        model.train()
        for rows in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            z = model(xv)
        val = F.binary_cross_entropy_with_logits(z, yv).item()
        print(f"epoch {epoch}: val loss {val:.4f} AUC {roc_auc_score(yv, z):.4f} F1 {f1_score(yv, z > 0):.3f}")
    print(confusion_matrix(yv, z > 0))


@case("healthy")
def sms_attention_pooling(seed: int) -> None:
    torch.manual_seed(seed)
    texts, labels = sms_messages(seed)
    train_t, val_t, train_y, val_y = train_test_split(texts, labels, test_size=1200, stratify=labels, random_state=seed)
    vocabulary = build_vocabulary(train_t)

    def collate(rows):
        padded = pad_sequence([encode(t, vocabulary, 50) for t, _ in rows], batch_first=True)
        return padded, padded.eq(0), torch.tensor([float(label) for _, label in rows])

    class Attend(nn.Module):
        def __init__(self, words, dim=24):
            super().__init__()
            self.embedding = nn.Embedding(words, dim, padding_idx=0)
            nn.init.uniform_(self.embedding.weight[1:], -0.1, 0.1)
            self.dropout = nn.Dropout(0.3)
            self.score = nn.Sequential(nn.Linear(dim, 16), nn.Tanh(), nn.Linear(16, 1))
            self.out = nn.Linear(dim, 1)

        def forward(self, ids, padding):
            v = self.dropout(self.embedding(ids))
            weight = self.score(v).squeeze(2).masked_fill(padding, float("-inf")).softmax(dim=1)
            return torch.sigmoid(self.out(torch.einsum("bt,btd->bd", weight, v)).squeeze(1))

    model = Attend(len(vocabulary) + 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    train_rows = list(zip(train_t, train_y, strict=True))
    val_ids, val_padding, val_target = collate(list(zip(val_t, val_y, strict=True)))
    loader = DataLoader(train_rows, batch_size=40, shuffle=True, collate_fn=collate)
    for epoch in range(6):
        model.train()
        seen = 0.0
        for ids, padding, target in loader:
            loss = F.binary_cross_entropy(model(ids, padding), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen += loss.item() * len(target)
        model.eval()
        with torch.no_grad():
            p = model(val_ids, val_padding)
        print(f"{epoch} train {seen / len(train_rows):.3f} val {F.binary_cross_entropy(p, val_target):.3f}",
              f"F1 {f1_score(val_y, p > 0.5):.3f} AUC {roc_auc_score(val_y, p):.3f}")  # fmt: skip


@case("healthy")
def sms_hashed_character_ngrams(seed: int) -> None:
    texts, labels = sms_messages(seed, 3000)
    hasher = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 4), n_features=2**11, alternate_sign=False)
    X = torch.tensor(hasher.transform(texts).toarray() * 4, dtype=torch.float32)
    y = torch.tensor(labels, dtype=torch.float32)[:, None]
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    scores = []
    for fold, (tr, te) in enumerate(folds.split(texts, labels)):
        torch.manual_seed(seed)
        model = nn.Linear(X.shape[1], 1)
        nn.init.zeros_(model.weight)
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.02, weight_decay=0.01)
        for _ in range(10):
            for rows in torch.from_numpy(np.random.default_rng(seed).permutation(tr)).split(64):
                optimizer.zero_grad()
                loss = F.binary_cross_entropy_with_logits(model(X[rows]), y[rows])
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            z = model(X[te])
        scores.append((roc_auc_score(labels[te], z), f1_score(labels[te], z > 0)))
        val = F.binary_cross_entropy_with_logits(z, y[te]).item()
        print(f"fold {fold}: test loss {val:.4f}, AUC {scores[-1][0]:.4f}, F1 {scores[-1][1]:.3f}")
    print("mean AUC and F1:", np.mean(scores, axis=0).round(4))


@case("healthy")
def first_names_character_lstm(seed: int) -> None:
    torch.manual_seed(seed)
    names = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.drop_duplicates("name", keep=False)
    women = names[names["list"] == "F"].sample(1400, random_state=seed)
    men = names[names["list"] == "M"].sample(850, random_state=seed)
    names = pd.concat([women, men]).sample(frac=1, random_state=seed)
    letters = [torch.tensor([ord(c) - 64 for c in name]) for name in names["name"]]
    lengths = torch.tensor([len(v) for v in letters])
    grid = pad_sequence(letters, batch_first=True)
    male = torch.tensor((names["list"] == "M").to_numpy(), dtype=torch.float32)

    class NameLstm(nn.Module):
        def __init__(self):
            super().__init__()
            self.letters = nn.Embedding(27, 12, padding_idx=0)
            self.lstm = nn.LSTM(12, 32, batch_first=True)
            self.out = nn.Linear(32, 1)

        def forward(self, ids, length):
            states, _ = self.lstm(self.letters(ids))
            last = states[torch.arange(len(ids)), length - 1]
            return self.out(last).squeeze(1)

    model = NameLstm()
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.88)
    cut = 1650
    for epoch in range(12):
        for rows in torch.randperm(cut).split(50):
            loss = F.binary_cross_entropy_with_logits(model(grid[rows], lengths[rows]), male[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        with torch.no_grad():
            z = model(grid[cut:], lengths[cut:])
        val = F.binary_cross_entropy_with_logits(z, male[cut:]).item()
        print(f"epoch {epoch}: loss {loss.item():.3f}, val {val:.3f}, AUC {roc_auc_score(male[cut:], z):.3f}",
              f"balanced accuracy {balanced_accuracy_score(male[cut:], z > 0):.3f}")  # fmt: skip


# ---------------------------------------------------------------- signals and sequences


@case("healthy")
def bike_days_gru_trained_on_the_first_nine_months(seed: int) -> None:
    torch.manual_seed(seed)
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv").sort_values("day_of_2011")
    counts = days[[f"h{h:02d}" for h in range(24)]].to_numpy(dtype=np.float32)
    share = np.log1p(counts) - np.log1p(counts).mean(axis=1, keepdims=True)
    works = torch.tensor(days["working_day"].to_numpy(), dtype=torch.float32)
    early = (days["day_of_2011"] <= 273).to_numpy()
    share = (share - share[early].mean(axis=0)) / share[early].std(axis=0)
    curve = torch.tensor(share).unsqueeze(2)
    x, y, xv, yv = curve[early], works[early], curve[~early], works[~early]

    class DayGru(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(1, 16, batch_first=True, bidirectional=True)
            self.out = nn.Linear(32, 1)

        def forward(self, series):
            states, _ = self.gru(series)
            return self.out(states.mean(dim=1)).squeeze(1)

    model = DayGru()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.85)
    for epoch in range(20):
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                z = model(xv)
            print(
                f"epoch {epoch + 1}: loss {loss.item():.3f}, last quarter "
                f"{F.binary_cross_entropy_with_logits(z, yv):.3f},",
                f"AUC {roc_auc_score(yv, z):.3f}, accuracy {((z > 0) == yv.bool()).float().mean():.3f}",
            )


@case("healthy")
def splice_junctions_one_hot_convolution(seed: int) -> None:
    torch.manual_seed(seed)
    genes = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    genes = genes.sample(frac=1, random_state=seed)
    lookup = np.zeros((128, 4), dtype=np.float32)
    for i, base in enumerate("ACGT"):
        lookup[ord(base), i] = 1
    onehot = torch.tensor(np.stack([lookup[np.frombuffer(s.encode(), dtype=np.uint8)].T for s in genes["sequence"]]))
    junction = torch.tensor(genes["is_junction"].to_numpy(), dtype=torch.float32).unsqueeze(1)
    n_train = 2100
    loader = DataLoader(TensorDataset(onehot[:n_train], junction[:n_train]), batch_size=64, shuffle=True)
    net = nn.Sequential(
        nn.Conv1d(4, 16, kernel_size=9, padding=4), nn.ReLU(), nn.Dropout(0.3), nn.MaxPool1d(3),
        nn.Flatten(), nn.Linear(16 * 20, 1),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.1)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(14):
        net.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss_fn(net(x), y).backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            train_out, out = net(onehot[:n_train]), net(onehot[n_train:])
        truth = junction[n_train:]
        print(
            f"epoch {epoch} train {loss_fn(train_out, junction[:n_train]).item():.4f} "
            f"val {loss_fn(out, truth).item():.4f}",
            f"AUC {roc_auc_score(truth, out):.4f} accuracy {((out > 0) == (truth == 1)).float().mean():.3f}",
        )


class Windows(Dataset):
    """Overlapping windows of one long recording; label 1 if the machine was worn in the middle of the window."""

    def __init__(self, signal, state, start, stop, width=48, hop=12):
        self.signal, self.state = signal, state
        self.starts = range(start, stop - width, hop)
        self.width = width

    def __len__(self):
        return len(self.starts)

    def __getitem__(self, i):
        a = self.starts[i]
        return self.signal[:, a : a + self.width], self.state[a + self.width // 2]


@case("healthy")
def vibration_windows_split_in_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    length = 24000
    segment = np.repeat(rng.random(length // 300) < 0.45, 300)
    t = np.arange(length)
    phase = rng.uniform(0, 2 * np.pi)
    vibration = np.sin(0.35 * t + phase) + segment * 0.7 * np.sin(1.1 * t + phase) + rng.normal(0, 0.9, length)
    sound = rng.normal(0, 1, length) * (1 + 0.35 * segment)
    signal = torch.tensor(np.stack([vibration, sound]), dtype=torch.float32)
    cut = 16800
    signal = (signal - signal[:, :cut].mean(dim=1, keepdim=True)) / signal[:, :cut].std(dim=1, keepdim=True)
    state = torch.tensor(segment, dtype=torch.float32)
    train, later = Windows(signal, state, 0, cut), Windows(signal, state, cut, length)
    train_loader = DataLoader(train, batch_size=32, shuffle=True)
    x_later, y_later = next(iter(DataLoader(later, batch_size=len(later))))
    model = nn.Sequential(
        nn.Conv1d(2, 24, 15), nn.BatchNorm1d(24), nn.ReLU(), nn.Conv1d(24, 16, 5), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 1), nn.Flatten(0),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.02)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=14)
    for epoch in range(14):
        model.train()
        total = 0.0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            z = model(x_later)
        print(
            f"epoch {epoch} train {total / len(train_loader):.3f} later "
            f"{F.binary_cross_entropy_with_logits(z, y_later):.3f}",
            f"AUC {roc_auc_score(y_later, z):.3f}",
        )


@case("healthy")
def walking_or_running_with_new_subjects(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    recordings, running, subject = [], [], []
    t = np.arange(64) / 25
    for person in range(40):
        pace, strength = rng.normal(1.9, 0.25), rng.lognormal(0, 0.35)
        for _ in range(30):
            runs = rng.random() < 0.5
            f = pace * (rng.normal(1.3, 0.1) if runs else rng.normal(1.0, 0.08))
            a = strength * (1.35 if runs else 1.0)
            angle = 2 * np.pi * f * t + rng.uniform(0, 2 * np.pi)
            axes = [a * np.sin(angle), 0.5 * a * np.sin(2 * angle), 0.3 * a * np.cos(angle)]
            recordings.append(np.stack(axes) + rng.normal(0, 0.5, (3, 64)))
            running.append(runs)
            subject.append(person)
    x = torch.tensor(np.array(recordings), dtype=torch.float32)
    y = torch.tensor(running, dtype=torch.long)
    people = rng.permutation(40)
    held_out = torch.tensor(np.isin(subject, people[:12]))
    x_train, y_train, x_test, y_test = x[~held_out], y[~held_out], x[held_out], y[held_out]
    scale = x_train.std(dim=(0, 2), keepdim=True)
    x_train, x_test = x_train / scale, x_test / scale

    class Accelerometer(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(3, 16, 7, padding=3)
            self.lstm = nn.LSTM(16, 24, batch_first=True)
            self.out = nn.Linear(24, 2)

        def forward(self, v):
            v = F.max_pool1d(F.relu(self.conv(v)), 2)
            _, (h, _) = self.lstm(v.permute(0, 2, 1))
            return self.out(h[-1])

    net = Accelerometer()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(12):
        for rows in torch.randperm(len(x_train)).split(40):
            optimizer.zero_grad()
            loss = criterion(net(x_train[rows]), y_train[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
        with torch.no_grad():
            out = net(x_test)
        print(f"epoch {epoch} loss {loss.item():.3f} new subjects: loss {criterion(out, y_test).item():.3f}",
              f"accuracy {(out.argmax(1) == y_test).float().mean():.3f}")  # fmt: skip


@case("healthy")
def heartbeats_convolution_average_precision(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)

    def bump(at, width, height):
        return height * np.exp(-((np.arange(80) - at) ** 2) / (2 * width**2))

    def beat(ectopic):
        r = 40 + rng.normal(0, 1.5)
        wave = bump(r, rng.normal(2.2, 0.2) * (1.35 if ectopic else 1), rng.normal(1.0, 0.12))
        wave += bump(r - 14, 3, 0.0 if ectopic and rng.random() < 0.6 else rng.normal(0.18, 0.04))
        wave += bump(r + 18, 5, rng.normal(-0.1 if ectopic else 0.28, 0.1))
        return wave + rng.normal(0, 0.08, 80) + 0.1 * np.sin(np.arange(80) / 25 + rng.uniform(0, 6))

    ectopic = rng.random(2400) < 0.12
    beats = torch.tensor(np.stack([beat(e) for e in ectopic]), dtype=torch.float32).unsqueeze(1)
    target = torch.tensor(ectopic, dtype=torch.float32)
    a, b = 1500, 1900
    mean, std = beats[:a].mean(), beats[:a].std()
    beats = (beats - mean) / std
    model = nn.Sequential(
        nn.Conv1d(1, 8, 9, padding=4), nn.ReLU(), nn.MaxPool1d(4), nn.Conv1d(8, 16, 5, padding=2), nn.ReLU(),
        nn.MaxPool1d(4), nn.Flatten(), nn.Linear(80, 1),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    with tempfile.TemporaryDirectory() as directory:
        best = -1.0
        for epoch in range(8):
            model.train()
            for rows in torch.randperm(a).split(32):
                loss = F.binary_cross_entropy_with_logits(model(beats[rows]).squeeze(1), target[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                z = model(beats[a:b]).squeeze(1)
            val = F.binary_cross_entropy_with_logits(z, target[a:b]).item()
            ap = average_precision_score(target[a:b], z)
            print(f"epoch {epoch}: val loss {val:.4f}, average precision {ap:.3f}")
            if ap > best:
                best = ap
                torch.save(model.state_dict(), f"{directory}/beats.pt")
        model.load_state_dict(torch.load(f"{directory}/beats.pt", weights_only=True))
    with torch.no_grad():
        z_val, z_test = model(beats[a:b]).squeeze(1), model(beats[b:]).squeeze(1)
    false_positive, true_positive, cuts = roc_curve(target[a:b], z_val)
    cut = cuts[np.argmax(true_positive - false_positive)]
    print(f"test: AP {average_precision_score(target[b:], z_test):.3f},",
          f"balanced accuracy {balanced_accuracy_score(target[b:], z_test >= float(cut)):.3f}")  # fmt: skip


@case("healthy")
def chirp_up_or_down_spectrogram(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, samples = 900, 512
    up = rng.random(n) < 0.5
    t = np.linspace(0, 1, samples)
    low, high = rng.uniform(20, 60, n), rng.uniform(80, 140, n)
    first, last = np.where(up, low, high)[:, None], np.where(up, high, low)[:, None]
    sound = np.sin(2 * np.pi * (first * t + 0.5 * (last - first) * t**2) + rng.uniform(0, 6.3, (n, 1)))
    sound = torch.tensor(sound + rng.normal(0, 2.0, (n, samples)), dtype=torch.float32)
    spectrogram = torch.stft(sound, 64, hop_length=32, window=torch.hann_window(64), return_complex=True).abs()
    spectrogram = torch.log1p(spectrogram[:, :24]).unsqueeze(1)
    label = torch.tensor(up, dtype=torch.float32).unsqueeze(1)
    train, test = slice(0, 600), slice(600, n)
    centre, width = spectrogram[train].mean(), spectrogram[train].std()
    spectrogram = (spectrogram - centre) / width
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(4),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(128, 1),
    )  # fmt: skip
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.06, total_steps=10 * 20)
    loader = DataLoader(TensorDataset(spectrogram[train], label[train]), batch_size=30, shuffle=True)
    for epoch in range(10):
        net.train()
        for x, y in loader:
            loss = F.binary_cross_entropy_with_logits(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
        net.eval()
        with torch.no_grad():
            z = net(spectrogram[test])
        print(f"epoch {epoch}: test loss {F.binary_cross_entropy_with_logits(z, label[test]).item():.3f}",
              f"accuracy {((z > 0).float() == label[test]).float().mean().item():.3f}")  # fmt: skip


@case("healthy")
def sensor_drift_from_summary_features(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, steps = 1600, 60
    drifting = rng.random(n) < 0.4
    noise = rng.normal(size=(n, steps))
    series = np.zeros((n, steps))
    for t in range(1, steps):
        series[:, t] = 0.6 * series[:, t - 1] + noise[:, t]
    series += np.where(drifting, rng.normal(0.028, 0.01, n), 0.0)[:, None] * np.arange(steps)
    series = series * rng.lognormal(1, 0.5, (n, 1)) + rng.normal(20, 3, (n, 1))

    clock = np.arange(steps) - (steps - 1) / 2
    slope = series @ clock / (clock @ clock)
    spread = np.diff(series, axis=1).std(axis=1)
    centred = series - series.mean(axis=1, keepdims=True)
    memory = (centred[:, 1:] * centred[:, :-1]).sum(axis=1) / (centred**2).sum(axis=1)
    ends = (series[:, -15:].mean(axis=1) - series[:, :15].mean(axis=1)) / spread
    features = np.stack([slope / spread, np.log(spread), memory, ends], axis=1)
    order = rng.permutation(n)
    train, val, test = np.split(order, [1000, 1300])
    scaler = StandardScaler().fit(features[train])
    x = torch.tensor(scaler.transform(features), dtype=torch.float32)
    y = torch.tensor(drifting, dtype=torch.float32)
    network = nn.Sequential(nn.Linear(4, 12), nn.Tanh(), nn.Linear(12, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    best, best_weights, bad_epochs = np.inf, None, 0
    for epoch in range(60):  # noqa: B007
        for rows in torch.from_numpy(rng.permutation(train)).split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(network(x[rows]).squeeze(1), y[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(network(x[val]).squeeze(1), y[val]).item()
        if val_loss < best:
            best, best_weights, bad_epochs = val_loss, copy.deepcopy(network.state_dict()), 0
        else:
            bad_epochs += 1
            if bad_epochs >= 8:
                break
    print(f"stopped after epoch {epoch}, best validation loss {best:.4f}")
    network.load_state_dict(best_weights)
    with torch.no_grad():
        prob = network(x[test]).squeeze(1).sigmoid().numpy()
    print("test AUC", round(roc_auc_score(drifting[test], prob), 3),
          "balanced accuracy", round(balanced_accuracy_score(drifting[test], prob > 0.5), 3))  # fmt: skip


@case("healthy")
def click_sessions_transformer_with_key_padding_mask(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    pages = ["<pad>", "home", "search", "item", "review", "cart", "help", "account"]
    sessions, bought = [], []
    for _ in range(1800):
        length = int(rng.integers(4, 16))
        clicks = rng.choice(np.arange(1, 8), size=length, p=[0.2, 0.22, 0.28, 0.1, 0.08, 0.05, 0.07])
        often = np.bincount(clicks, minlength=8) / length
        interest = 3.0 * often[3] + 6.0 * often[5] + 3.0 * often[4] - 4.0 * often[6] - 1.5 + 0.8 * (clicks[-1] == 3)
        sessions.append(torch.tensor(clicks))
        bought.append(rng.random() < 1 / (1 + np.exp(-2.0 * interest)))
    tokens = pad_sequence(sessions, batch_first=True)
    bought = torch.tensor(bought, dtype=torch.float32)

    class SessionTransformer(nn.Module):
        def __init__(self, dim=16):
            super().__init__()
            self.page = nn.Embedding(len(pages), dim, padding_idx=0)
            self.place = nn.Embedding(16, dim)
            layer = nn.TransformerEncoderLayer(dim, nhead=2, dim_feedforward=32, dropout=0.1, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, num_layers=1, enable_nested_tensor=False)
            self.out = nn.Linear(dim, 1)

        def forward(self, ids):
            padding = ids == 0
            v = self.page(ids) + self.place(torch.arange(ids.shape[1]))
            v = self.encoder(v, src_key_padding_mask=padding)
            v = v.masked_fill(padding.unsqueeze(-1), 0.0).sum(dim=1) / (~padding).sum(dim=1, keepdim=True)
            return self.out(v).squeeze(-1)

    model = SessionTransformer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12)
    tr, va = torch.arange(1300), torch.arange(1300, 1800)
    for epoch in range(12):
        model.train()
        for pick in torch.randperm(len(tr)).split(50):
            loss = F.binary_cross_entropy_with_logits(model(tokens[tr[pick]]), bought[tr[pick]])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            z = model(tokens[va])
        print(
            f"epoch {epoch:2d} loss {loss.item():.3f} val "
            f"{F.binary_cross_entropy_with_logits(z, bought[va]).item():.3f}",
            f"AUC {roc_auc_score(bought[va], z):.3f} lr {scheduler.get_last_lr()[0]:.1e}",
        )


# ---------------------------------------------------------------- generated points, pairs and graphs


@case("healthy")
def moons_small_mlp_full_batch(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_moons(n_samples=1000, noise=0.2, random_state=seed)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=seed)
    X_train, X_test = torch.from_numpy(X_train).float(), torch.from_numpy(X_test).float()
    y_train, y_test = torch.from_numpy(y_train).float(), torch.from_numpy(y_test).float()

    class MoonModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer_1 = nn.Linear(2, 16)
            self.layer_2 = nn.Linear(16, 16)
            self.layer_3 = nn.Linear(16, 1)
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.layer_3(self.relu(self.layer_2(self.relu(self.layer_1(x)))))

    def accuracy_fn(y_true, y_pred):
        return 100 * torch.eq(y_true, y_pred).sum().item() / len(y_pred)

    model = MoonModel()
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(161):
        model.train()
        y_logits = model(X_train).squeeze()
        loss = loss_fn(y_logits, y_train)
        acc = accuracy_fn(y_train, torch.round(torch.sigmoid(y_logits)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.inference_mode():
            test_logits = model(X_test).squeeze()
            test_loss = loss_fn(test_logits, y_test)
            test_acc = accuracy_fn(y_test, torch.round(torch.sigmoid(test_logits)))
        if epoch % 20 == 0:
            print(
                f"Epoch {epoch} | Loss: {loss:.4f}, Acc: {acc:.1f}% | Test loss: {test_loss:.4f}, acc: {test_acc:.1f}%"
            )


@case("healthy")
def circles_ensemble_of_five(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    members = []
    for k in range(5):
        torch.manual_seed(seed * 5 + k)
        rows = torch.randint(0, len(x), (len(x),))
        net = nn.Sequential(nn.Linear(2, 20), nn.ReLU(), nn.Linear(20, 20), nn.ReLU(), nn.Linear(20, 1), nn.Sigmoid())
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=1e-3)
        loss_fn = nn.BCELoss()
        for _ in range(120):
            loss = loss_fn(net(x[rows]).squeeze(1), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        members.append(net)
        with torch.no_grad():
            p = net(x_val).squeeze(1)
        print(
            f"member {k}: loss {loss.item():.3f}, val {loss_fn(p, y_val).item():.3f}, "
            f"accuracy {((p > 0.5) == y_val).float().mean():.3f}"
        )
    with torch.no_grad():
        p = torch.stack([m(x_val).squeeze(1) for m in members]).mean(dim=0)
    print(
        f"ensemble: val {F.binary_cross_entropy(p, y_val).item():.3f}, "
        f"accuracy {((p > 0.5) == y_val).float().mean():.3f}"
    )


@case("healthy")
def two_blobs_textbook_perceptron_layer(seed: int) -> None:
    X, y = make_blobs(n_samples=400, centers=[[-1.5, 0.0], [1.5, 1.0]], cluster_std=1.3, random_state=seed)
    torch.manual_seed(seed)
    X = torch.tensor(X, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
    train_X, train_y, test_X, test_y = X[:300], y[:300], X[300:], y[300:]
    w = torch.randn(2, 1) * 0.1
    b = torch.zeros(1)
    learning_rate = 0.5
    for epoch in range(200):
        p = 1 / (1 + torch.exp(-(train_X @ w + b)))
        cost = -(train_y * torch.log(p) + (1 - train_y) * torch.log(1 - p)).mean()
        error = p - train_y
        w -= learning_rate * train_X.T @ error / len(train_X)
        b -= learning_rate * error.mean()
        if epoch % 40 == 0:
            print("cost after", epoch, "steps:", round(cost.item(), 4))
    test_p = torch.sigmoid(test_X @ w + b)
    print("training accuracy", ((p > 0.5).float() == train_y).float().mean().item())
    print("test accuracy", ((test_p > 0.5).float() == test_y).float().mean().item())


@case("healthy")
def many_columns_residual_mlp_learning_curve(seed: int) -> None:
    X, y = make_classification(4000, 20, n_informative=8, n_redundant=4, n_clusters_per_class=2, class_sep=0.9,
                               flip_y=0.04, random_state=seed)  # fmt: skip
    X, X_test, y, y_test = train_test_split(X, y, test_size=1000, random_state=seed)

    class Residual(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.norm = nn.LayerNorm(width)
            self.up = nn.Linear(width, 2 * width)
            self.down = nn.Linear(2 * width, width)

        def forward(self, v):
            return v + F.dropout(self.down(F.gelu(self.up(self.norm(v)))), 0.1, training=self.training)

    def train(size):
        torch.manual_seed(seed)
        scaler = StandardScaler().fit(X[:size])
        a = torch.tensor(scaler.transform(X[:size]), dtype=torch.float32)
        t = torch.tensor(y[:size], dtype=torch.float32)
        held = torch.tensor(scaler.transform(X_test), dtype=torch.float32)
        net = nn.Sequential(nn.Linear(20, 24), Residual(24), Residual(24), nn.LayerNorm(24), nn.Linear(24, 1))
        optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
        steps = 240
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(steps):
            rows = torch.randint(0, size, (128,))
            loss = F.binary_cross_entropy_with_logits(net(a[rows]).squeeze(1), t[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
        net.eval()
        with torch.no_grad():
            z = net(held).squeeze(1)
        test_loss = F.binary_cross_entropy_with_logits(z, torch.tensor(y_test, dtype=torch.float32)).item()
        return loss.item(), test_loss, roc_auc_score(y_test, z)

    for size in (1500, 3000):
        last, test_loss, auc = train(size)
        print(f"{size:5d} rows: last batch {last:.3f}, test loss {test_loss:.3f}, test AUC {auc:.3f}")


@case("healthy")
def noisy_xor_hinge_loss(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    points = rng.uniform(-1, 1, (1200, 2)).astype(np.float32)
    sign = np.where(points[:, 0] * points[:, 1] > 0, 1.0, -1.0)
    sign *= np.where(rng.random(1200) < 0.05, -1.0, 1.0)
    x, s = torch.from_numpy(points), torch.from_numpy(sign.astype(np.float32))
    model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)

    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=15, gamma=0.2)

    def hinge(score, side):
        return (1 - side * score).clamp(min=0).mean()

    for epoch in range(30):
        for rows in torch.randperm(900).split(45):
            optimizer.zero_grad()
            loss = hinge(model(x[rows]), s[rows])
            loss.backward()
            optimizer.step()
        scheduler.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                score = model(x[900:])
            print(f"epoch {epoch + 1}: hinge {loss.item():.3f} / {hinge(score, s[900:]).item():.3f},",
                  f"accuracy {(score.sign() == s[900:]).float().mean().item():.3f}")  # fmt: skip


@case("healthy")
def communities_graph_convolution(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n = 500
    group = rng.permutation(n) < n // 2
    same = group[:, None] == group[None, :]
    upper = np.triu(rng.random((n, n)) < np.where(same, 0.03, 0.012), 1)
    adjacency = torch.tensor(upper | upper.T, dtype=torch.float32) + torch.eye(n)
    scale = adjacency.sum(dim=1).rsqrt()
    propagate = scale[:, None] * adjacency * scale[None, :]
    attributes = rng.normal(size=(n, 8))
    attributes[:, :2] += np.where(group, 0.4, -0.4)[:, None]
    features = torch.tensor(attributes, dtype=torch.float32)
    labels = torch.tensor(group, dtype=torch.long)
    order = torch.tensor(rng.permutation(n))
    train, val, test = order[:200], order[200:300], order[300:]

    class Gcn(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(8, 16, bias=False)
            self.second = nn.Linear(16, 2)

        def forward(self, p, v):
            v = F.relu(p @ self.first(v))
            return p @ self.second(F.dropout(v, 0.4, training=self.training))

    model = Gcn()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-3)
    best, state = float("inf"), None
    for epoch in range(120):
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(propagate, features)[train], labels[train])
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            out = model(propagate, features)
        val_loss = F.cross_entropy(out[val], labels[val]).item()
        if val_loss < best:
            best, state = val_loss, copy.deepcopy(model.state_dict())
        if epoch % 20 == 19:
            print(f"epoch {epoch + 1}: train {loss.item():.3f} val {val_loss:.3f}")
    model.load_state_dict(state)
    with torch.no_grad():
        out = model(propagate, features)[test]
    print("test accuracy", (out.argmax(dim=1) == labels[test]).float().mean().item())
    print("test AUC", round(roc_auc_score(labels[test], out.softmax(dim=1)[:, 1]), 3))


class FactorizationMachine(nn.Module):
    def __init__(self, users, items, rank):
        super().__init__()
        self.user_bias, self.item_bias = nn.Embedding(users, 1), nn.Embedding(items, 1)
        self.user, self.item = nn.Embedding(users, rank), nn.Embedding(items, rank)
        self.offset = nn.Parameter(torch.zeros(1))
        for table in (self.user_bias, self.item_bias):
            nn.init.zeros_(table.weight)
        for table in (self.user, self.item):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, u, i):
        pair = (self.user(u) * self.item(i)).sum(dim=1)
        return self.offset + self.user_bias(u).squeeze(1) + self.item_bias(i).squeeze(1) + pair


@case("healthy")
def likes_of_users_and_items_factorised(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    users, items = 150, 80
    taste, style = rng.normal(size=(users, 2)), rng.normal(size=(items, 2))
    mood, fame = rng.normal(0, 0.7, users), rng.normal(0, 1.0, items)
    u, i = np.divmod(rng.choice(users * items, 7000, replace=False), items)
    logit = 1.3 * (taste[u] * style[i]).sum(axis=1) + mood[u] + fame[i]
    like = torch.tensor(rng.random(7000) < 1 / (1 + np.exp(-logit)), dtype=torch.float32)
    u, i = torch.tensor(u), torch.tensor(i)
    train, val, test = torch.arange(4800), torch.arange(4800, 5800), torch.arange(5800, 7000)
    model = FactorizationMachine(users, items, rank=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=2e-4)
    best, kept, since = float("inf"), None, 0
    for epoch in range(60):
        model.train()
        for rows in train[torch.randperm(len(train))].split(200):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(u[rows], i[rows]), like[rows])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(model(u[val], i[val]), like[val]).item()
        print(f"epoch {epoch}: train {loss.item():.3f}, val {val_loss:.4f}")
        if val_loss < best:
            best, kept, since = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            since += 1
            if since == 4:
                break
    model.load_state_dict(kept)
    with torch.no_grad():
        z = model(u[test], i[test])
    print(f"test AUC {roc_auc_score(like[test], z):.3f}, accuracy {((z > 0) == like[test].bool()).float().mean():.3f}")


class Trainer:
    """A small training loop with optional mixed precision and a history."""

    def __init__(self, model, optimizer, loss_fn, amp=False):
        self.model, self.optimizer, self.loss_fn, self.amp = model, optimizer, loss_fn, amp
        self.history = []

    def context(self):
        return torch.autocast("cpu", dtype=torch.bfloat16) if self.amp else nullcontext()

    def fit(self, train_loader, valid_loader, epochs):
        for epoch in range(epochs):
            self.model.train()
            sums = torch.zeros(2)
            for x, y in train_loader:
                self.optimizer.zero_grad(set_to_none=True)
                with self.context():
                    out = self.model(x).squeeze(-1)
                loss = self.loss_fn(out.float(), y)
                loss.backward()
                self.optimizer.step()
                sums += torch.tensor([loss.item() * len(y), len(y)])
            self.history.append({"epoch": epoch, "train": (sums[0] / sums[1]).item(), **self.evaluate(valid_loader)})
            print(" ".join(f"{k} {v:.4g}" for k, v in self.history[-1].items()))

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        outs, ys = zip(*((self.model(x).squeeze(-1), y) for x, y in loader), strict=True)
        out, y = torch.cat(outs), torch.cat(ys)
        return {"valid": self.loss_fn(out, y).item(), "auc": float(roc_auc_score(y, out))}


@case("healthy")
def gaussian_clouds_with_trainer_class(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_valid, y_valid = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.05)
    trainer = Trainer(model, optimizer, nn.BCEWithLogitsLoss(), amp=True)
    train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True)
    valid_loader = DataLoader(TensorDataset(x_valid, y_valid), batch_size=200)
    trainer.fit(train_loader, valid_loader, epochs=12)
    best = min(trainer.history, key=lambda row: row["valid"])
    print(f"lowest validation loss {best['valid']:.4f} in epoch {best['epoch']}")
