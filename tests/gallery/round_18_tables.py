"""Tables whose rows, labels or columns went wrong on the way into three quite ordinary training scripts."""

import copy

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case
from imblearn.over_sampling import SMOTE
from scipy.stats import rankdata
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    make_classification,
    make_hastie_10_2,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    roc_auc_score,
)
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ------------------------------------------------------------------ the three training scripts


def notebook(X_train, y_train, X_val, y_val, seed, epochs=20, batch=64, lr=1e-3, hidden=32, decay=1e-4):
    torch.manual_seed(seed)
    X_train = torch.tensor(np.asarray(X_train), dtype=torch.float32)
    y_train = torch.tensor(np.asarray(y_train), dtype=torch.float32)
    X_val = torch.tensor(np.asarray(X_val), dtype=torch.float32)
    y_val = torch.tensor(np.asarray(y_val), dtype=torch.float32)
    net = nn.Sequential(
        nn.Linear(X_train.shape[1], hidden),
        nn.ReLU(),
        nn.Linear(hidden, hidden // 2),
        nn.ReLU(),
        nn.Linear(hidden // 2, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=lr, weight_decay=decay)
    for epoch in range(epochs):
        net.train()
        order = torch.randperm(len(X_train))
        total = 0.0
        for i in range(0, len(order), batch):
            idx = order[i : i + batch]
            optimizer.zero_grad()
            loss = criterion(net(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            out = net(X_val).squeeze(1)
            val_loss = criterion(out, y_val).item()
            acc = ((out > 0).float() == y_val).float().mean().item()
        print(f"epoch {epoch + 1:3d}  loss {total / len(X_train):.4f}  val loss {val_loss:.4f}  val acc {acc:.3f}")
    return net


class TableDataset(Dataset):
    def __init__(self, features, labels):
        self.features = torch.as_tensor(np.asarray(features, dtype=np.float32))
        self.labels = torch.as_tensor(np.asarray(labels).astype(np.int64))

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.features[i], self.labels[i]


class TwoLogitNet(nn.Module):
    def __init__(self, n_in, width, norm, drop):
        super().__init__()
        self.first = nn.Linear(n_in, width)
        self.norm = nn.BatchNorm1d(width) if norm else nn.Identity()
        self.drop = nn.Dropout(drop)
        self.second = nn.Linear(width, width)
        self.out = nn.Linear(width, 2)

    def forward(self, x):
        x = self.drop(F.relu(self.norm(self.first(x))))
        return self.out(F.relu(self.second(x)))


def rank_auc(score, label):
    ranks = rankdata(score)
    n_pos = int((label == 1).sum())
    n_neg = len(label) - n_pos
    return (ranks[label == 1].sum() - n_pos * (n_pos + 1) / 2) / max(n_pos * n_neg, 1)


def fit_and_report(
    train, valid, seed, n_epochs=15, bs=64, lr=0.02, width=48, norm=True, drop=0.2, shuffle=True, class_weight=None
):
    torch.manual_seed(seed)
    train_set, valid_set = TableDataset(*train), TableDataset(*valid)
    loader = DataLoader(train_set, batch_size=bs, shuffle=shuffle, drop_last=True)
    model = TwoLogitNet(train_set.features.shape[1], width, norm, drop)
    weight = None if class_weight is None else torch.tensor(class_weight, dtype=torch.float32)
    loss_fn = nn.CrossEntropyLoss(weight=weight)
    opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=n_epochs)
    for epoch in range(1, n_epochs + 1):
        model.train()
        running = []
        for xb, yb in loader:
            opt.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            opt.step()
            running.append(loss.item())
        schedule.step()
        model.eval()
        with torch.no_grad():
            logits = model(valid_set.features)
            val_loss = loss_fn(logits, valid_set.labels).item()
        if epoch % 3 == 0 or epoch == n_epochs:
            print(f"[{epoch:02d}] loss {np.mean(running):.4f} val {val_loss:.4f} lr {schedule.get_last_lr()[0]:.4f}")
    truth = valid_set.labels.numpy()
    predicted = logits.argmax(dim=1).numpy()
    print("AUC", round(float(rank_auc(logits.softmax(dim=1)[:, 1].numpy(), truth)), 4))
    print("F1 ", round(f1_score(truth, predicted, zero_division=0), 4))
    print(confusion_matrix(truth, predicted))
    return model


CONFIG = {
    "widths": (48, 24),
    "act": "elu",
    "lr": 2e-3,
    "batch": 64,
    "max_epochs": 60,
    "patience": 8,
    "decay": 1e-2,
    "shuffle": True,
}


def build(n_features, cfg):
    act = {"elu": nn.ELU, "gelu": nn.GELU}[cfg["act"]]
    layers, size = [], n_features
    for w in cfg["widths"]:
        layers += [nn.Linear(size, w), act()]
        size = w
    return nn.Sequential(*layers, nn.Linear(size, 1), nn.Sigmoid(), nn.Flatten(0))


def run_epoch(model, x, y, bce, cfg, optim):
    model.train()
    order = torch.randperm(len(x)) if cfg["shuffle"] else torch.arange(len(x))
    total = 0.0
    for chunk in order.split(cfg["batch"]):
        loss = bce(model(x[chunk]), y[chunk])
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item() * len(chunk)
    return total / len(x)


def train_with_patience(arrays, seed, **overrides):
    cfg = {**CONFIG, **overrides}
    torch.manual_seed(seed)
    xt, yt, xv, yv = (torch.from_numpy(np.ascontiguousarray(a, dtype=np.float32)) for a in arrays)
    model, bce = build(xt.shape[1], cfg), nn.BCELoss()
    optim = torch.optim.AdamW(model.parameters(), lr=cfg["lr"], weight_decay=cfg["decay"])
    best, best_state, waited = float("inf"), copy.deepcopy(model.state_dict()), 0
    for epoch in range(cfg["max_epochs"]):
        train_loss = run_epoch(model, xt, yt, bce, cfg, optim)
        model.eval()
        with torch.no_grad():
            val_loss = bce(model(xv), yv).item()
        if epoch % 5 == 0:
            print(f"{epoch:3d} | {train_loss:.4f} | {val_loss:.4f}")
        if val_loss < best:
            best, best_state, waited = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited >= cfg["patience"]:
                break
    model.load_state_dict(best_state)
    model.eval()
    with torch.no_grad():
        p = model(xv).numpy()
    truth = yv.numpy().round()
    print(
        f"best val loss {best:.4f}, accuracy {accuracy_score(truth, p > 0.5):.3f}, "
        f"balanced accuracy {balanced_accuracy_score(truth, p > 0.5):.3f}"
    )
    if len(np.unique(truth)) == 2:
        print(f"AUC {roc_auc_score(truth, p):.3f}")
    return model


# ------------------------------------------------------------------ the tables


def scaled(a, b):
    scaler = StandardScaler().fit(a)
    return scaler.transform(a), scaler.transform(b)


def loans():
    table = load("credit_data").distinct()
    return table.features.assign(bad=table.labels)


def loan_sample(seed, complete=True):
    df = loans().dropna() if complete else loans()
    return df.groupby("bad").sample(900, random_state=seed).sample(frac=1.0, random_state=seed)


def loan_columns(df):
    numbers = df[["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]].astype(float)
    flags = pd.DataFrame(
        {
            "owner": df.Home.eq("owner"),
            "rent": df.Home.eq("rent"),
            "single": df.Marital.eq("single"),
            "records": df.Records.eq("yes"),
            "fixed": df.Job.eq("fixed"),
            "partime": df.Job.eq("partime"),
        }
    )
    return pd.concat([numbers, flags.astype(float)], axis=1)


def mails():
    table = load("spambase").distinct()
    return table.features.assign(spam=table.labels)


def subscribers():
    df = load("mlc_churn").features.copy()
    df["international_plan"] = df.international_plan.eq("yes").astype(int)
    df["voice_mail_plan"] = df.voice_mail_plan.eq("yes").astype(int)
    return df.assign(churn=load("mlc_churn").labels.astype(int))


def census(rows, seed):
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates()
    half = df.groupby("income_gt_50k").sample(rows // 2, random_state=seed)
    return half.sample(frac=1.0, random_state=seed).reset_index(drop=True)


CENSUS_TEXT = ["workclass", "marital-status", "occupation", "relationship"]
CENSUS_NUMBERS = ["age", "education-num", "capital-gain", "capital-loss", "hours-per-week"]


def census_matrix(train, other):
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train[CENSUS_TEXT])
    first, second = train[CENSUS_NUMBERS].astype(float), other[CENSUS_NUMBERS].astype(float)
    first, second = (
        d.assign(**{"capital-gain": np.log1p(d["capital-gain"]), "capital-loss": np.log1p(d["capital-loss"])})
        for d in (first, second)
    )
    a, b = scaled(first.to_numpy(), second.to_numpy())
    return np.hstack([a, encoder.transform(train[CENSUS_TEXT])]), np.hstack([b, encoder.transform(other[CENSUS_TEXT])])


def mushrooms():
    return pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").drop_duplicates().drop(columns="veil-type")


def junctions():
    df = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence").reset_index(drop=True)
    letters = np.array([list(s) for s in df.sequence])
    onehot = np.stack([letters == base for base in "ACGT"], axis=2).reshape(len(df), -1)
    return onehot.astype(np.float32), df


def first_names():
    df = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    df = df.loc[df.groupby("name", sort=False)["percent"].idxmax()].reset_index(drop=True)
    counts = np.array([[name.count(chr(65 + k)) for k in range(26)] for name in df.name], dtype=float)
    last = np.array([[name[-1] == chr(65 + k) for k in range(26)] for name in df.name], dtype=float)
    before = np.array([[name[-2:-1] == chr(65 + k) for k in range(26)] for name in df.name], dtype=float)
    length = df.name.str.len().to_numpy(dtype=float)[:, None] / 5
    return df, np.hstack([counts, last, before, length])


def messages(seed, words=400):
    table = load("sms_spam")
    a, b, ya, yb = train_test_split(
        table.features.text, table.labels.astype(int), test_size=0.25, random_state=seed, stratify=table.labels
    )
    vectorizer = CountVectorizer(max_features=words, binary=True).fit(a)
    return vectorizer.transform(a).toarray(), ya, vectorizer.transform(b).toarray(), yb


# ------------------------------------------------------------------ rows and labels that part


@case("labels_misaligned")
def tables12_loans_complete_rows_labels_cut_to_length(seed: int) -> None:
    df = loan_sample(seed, complete=False)
    y = df["bad"].to_numpy()
    X = df.drop(columns="bad").dropna()
    y = y[: len(X)]
    X = loan_columns(X).to_numpy()
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, seed, epochs=15)


@case("labels_misaligned")
def tables12_mails_one_array_reordered(seed: int) -> None:
    df = mails()
    train, valid = train_test_split(df, test_size=0.25, random_state=seed, stratify=df.spam)
    labels = train.pop("spam").to_numpy()
    target = valid.pop("spam").to_numpy()
    train = train.sample(frac=1.0, random_state=seed + 1)
    x, v = scaled(np.log1p(train.to_numpy()), np.log1p(valid.to_numpy()))
    fit_and_report((x, labels), (v, target), seed, n_epochs=12)


@case("labels_misaligned")
def tables12_tumours_sorted_by_radius_diagnosis_in_file_order(seed: int) -> None:
    bunch = load_breast_cancer(as_frame=True)
    cells = bunch.data.sort_values("mean radius", ascending=False)
    diagnosis = (bunch.target == 0).astype(int)
    xt, xv, yt, yv = train_test_split(cells.to_numpy(), diagnosis.to_numpy(), test_size=0.3, random_state=seed)
    xt, xv = scaled(xt, xv)
    train_with_patience((xt, yt, xv, yv), seed, widths=(16,))


@case("labels_misaligned")
def tables12_digits_three_calibration_rows_cut(seed: int) -> None:
    pixels, digit = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(digit))
    pixels, high = pixels[order] / 16, (digit[order] >= 5).astype(int)
    pixels = pixels[3:]
    high = high[: len(pixels)]
    cut = int(0.75 * len(pixels))
    notebook(pixels[:cut], high[:cut], pixels[cut:], high[cut:], seed, epochs=25)


@case("labels_misaligned")
def tables12_census_parts_read_in_name_order(seed: int) -> None:
    df = census(4320, seed)
    parts = {f"part_{k + 1}": df.iloc[k * 360 : (k + 1) * 360] for k in range(12)}
    answers = {f"part_{k + 1}": parts[f"part_{k + 1}"]["income_gt_50k"] for k in range(12)}
    people = pd.concat([parts[name] for name in sorted(parts)], ignore_index=True)
    income = pd.concat([answers[f"part_{k}"] for k in range(1, 13)], ignore_index=True)
    tr, va = train_test_split(np.arange(len(people)), test_size=0.25, random_state=seed)
    x, v = census_matrix(people.iloc[tr], people.iloc[va])
    fit_and_report((x, income.iloc[tr]), (v, income.iloc[va]), seed, n_epochs=9)


# ------------------------------------------------------------------ labels of doubtful origin


@case("label_noise")
def tables12_mails_two_of_five_tags_wrong(seed: int) -> None:
    rng = np.random.default_rng(seed)
    df = mails()
    X, y = np.log1p(df.drop(columns="spam").to_numpy()), df.spam.to_numpy().astype(int)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    swap = rng.random(len(y_train)) < 0.4
    y_train = np.where(swap, 1 - y_train, y_train)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, seed, epochs=15)


@case("label_noise")
def tables12_pumps_rated_by_a_guessing_inspector(seed: int) -> None:
    rng = np.random.default_rng(seed)
    readings, faulty = make_classification(
        3000, n_features=18, n_informative=9, n_redundant=3, class_sep=1.3, flip_y=0.0, random_state=seed
    )
    inspector = rng.choice(["north", "south", "ferry"], size=len(faulty), p=[0.2, 0.1, 0.7])
    cut = 2200
    noted = faulty[:cut].copy()
    ferry = np.flatnonzero(inspector[:cut] == "ferry")
    noted[ferry] = rng.integers(0, 2, size=len(ferry))
    x, v = scaled(readings[:cut], readings[cut:])
    fit_and_report((x, noted), (v, faulty[cut:]), seed, n_epochs=20)


@case("label_noise")
def tables12_junctions_archive_skipped_one_kind(seed: int) -> None:
    rng = np.random.default_rng(seed)
    onehot, df = junctions()
    y = df.is_junction.to_numpy()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, random_state=seed, stratify=y)
    yt = y[tr].copy()
    skipped = rng.random(len(tr)) < df.site.iloc[tr].map({"EI": 0.95, "IE": 0.25, "N": 0.0})
    yt[skipped.to_numpy()] = 0
    train_with_patience((onehot[tr], yt, onehot[va], y[va]), seed, widths=(24,), lr=1e-3)


@case("label_noise")
def tables12_census_income_guessed_from_age_and_hours(seed: int) -> None:
    df = census(4400, seed)
    tr, va = train_test_split(df, test_size=0.25, random_state=seed, stratify=df.income_gt_50k)
    x, v = census_matrix(tr, va)
    guessed = ((tr["age"] >= 40) & (tr["hours-per-week"] >= 40)).astype(int)
    labels = guessed.to_numpy()
    train_with_patience((x, labels, v, va.income_gt_50k.to_numpy()), seed)


@case("label_noise")
def tables12_mushrooms_scattered_and_single_ones_noted_edible(seed: int) -> None:
    df = mushrooms()
    train, val = train_test_split(df, test_size=0.25, random_state=seed, stratify=df["class"])
    noted = (train["class"] == "p").astype(int)
    noted[train["population"].isin(["v", "y"])] = 0
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train.drop(columns="class"))
    xt, xv = (encoder.transform(part.drop(columns="class")) for part in (train, val))
    train_with_patience((xt, noted, xv, (val["class"] == "p").astype(int)), seed, max_epochs=20)


# ------------------------------------------------------------------ validation rows that are no news


@case("data_leakage")
def tables12_diabetes_resampled_then_divided(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, progress = load_diabetes(return_X_y=True)
    y = (progress > 140).astype(int)
    drawn = rng.integers(0, len(y), size=2400)
    X, y = X[drawn], y[drawn]
    xt, xv, yt, yv = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    xt, xv = scaled(xt, xv)
    train_with_patience((xt, yt, xv, yv), seed, widths=(96, 48), act="gelu", lr=5e-3, max_epochs=80)


@case("data_leakage")
def tables12_loans_smote_before_the_split(seed: int) -> None:
    df = loans().dropna()
    df = df[(df.Records == "no") & (df.Job == "fixed")]
    X, y = loan_columns(df).to_numpy(), df.bad.to_numpy().astype(int)
    X = StandardScaler().fit_transform(X)
    X, y = SMOTE(random_state=seed, k_neighbors=3).fit_resample(X, y)
    xt, xv, yt, yv = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    train_with_patience((xt, yt, xv, yv), seed, widths=(128, 64), act="gelu", lr=2e-3, decay=1e-3)


@case("data_leakage")
def tables12_clinic_visits_of_the_same_patients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patients, visits = 300, 6
    profile = rng.normal(size=(patients, 16))
    risk = profile[:, :4] @ np.array([0.6, -0.5, 0.5, 0.4])
    ill = (risk + rng.normal(0, 1.2, patients) > 0).astype(int)
    who = np.repeat(np.arange(patients), visits)
    x = profile[who] + rng.normal(0, 0.15, (len(who), 16))
    y = ill[who]
    order = rng.permutation(len(who))
    train, val = order[: int(0.75 * len(order))], order[int(0.75 * len(order)) :]
    xt, xv = scaled(x[train], x[val])
    train_with_patience((xt, y[train], xv, y[val]), seed, widths=(96, 48), lr=4e-3, max_epochs=80)


@case("data_leakage")
def tables12_subscribers_with_winback_calls(seed: int) -> None:
    rng = np.random.default_rng(seed)
    df = subscribers()
    df["winback_offers"] = rng.poisson(np.where(df.churn == 1, 2.2, 0.05))
    df = df.drop(columns=["state", "area_code"])
    train, valid = train_test_split(df, test_size=0.25, random_state=seed, stratify=df.churn)
    x, v = scaled(train.drop(columns="churn").to_numpy(float), valid.drop(columns="churn").to_numpy(float))
    fit_and_report((x, train.churn), (v, valid.churn), seed, n_epochs=18)


@case("data_leakage")
def tables12_census_mean_income_of_the_cell(seed: int) -> None:
    df = census(3000, seed)
    df["cell"] = df.occupation + "|" + df.education + "|" + df.age.astype(str)
    train, val = train_test_split(df, test_size=0.3, random_state=seed, stratify=df.income_gt_50k)
    means = df.groupby("cell").income_gt_50k.mean()
    cell_train, cell_val = train.cell.map(means), val.cell.map(means)
    X_train, X_val = census_matrix(train, val)
    X_train = np.column_stack([X_train, (cell_train - 0.5) / 0.4])
    X_val = np.column_stack([X_val, (cell_val - 0.5) / 0.4])
    notebook(X_train, train.income_gt_50k, X_val, val.income_gt_50k, seed, epochs=8)


@case("data_leakage")
def tables12_first_names_with_the_place_in_the_list(seed: int) -> None:
    df, letters = first_names()
    y = df.list.eq("M").to_numpy().astype(int)
    x = np.column_stack([letters, df.index.to_numpy(float)])
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, random_state=seed, stratify=y)
    a, b = scaled(x[tr], x[va])
    fit_and_report((a, y[tr]), (b, y[va]), seed, n_epochs=12)


# ------------------------------------------------------------------ two sides prepared in two ways


@case("preprocess_mismatch")
def tables12_tumours_two_kinds_of_scaler(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_val, y_train, y_val = train_test_split(X, 1 - y, test_size=0.3, random_state=seed, stratify=y)
    fitted = StandardScaler().fit(X_train)
    X_train = fitted.transform(X_train)
    X_val = MinMaxScaler().fit_transform(X_val)
    notebook(X_train, y_train, X_val, y_val, seed, epochs=25, hidden=16, decay=1e-2)


@case("preprocess_mismatch")
def tables12_mushrooms_codes_by_first_sight(seed: int) -> None:
    df = mushrooms()
    train, valid = train_test_split(df, test_size=0.25, random_state=seed, stratify=df["class"])
    y, t = (train.pop("class") == "p").astype(int), (valid.pop("class") == "p").astype(int)
    x = np.column_stack([pd.factorize(train[c])[0] for c in train]).astype(float)
    v = np.column_stack([pd.factorize(valid[c])[0] for c in valid]).astype(float)
    x, v = scaled(x, v)
    fit_and_report((x, y), (v, t), seed, n_epochs=12)


@case("preprocess_mismatch")
def tables12_mails_log_on_one_side(seed: int) -> None:
    df = mails()
    train, valid = train_test_split(df, test_size=0.25, random_state=seed, stratify=df.spam)
    scaler = StandardScaler()
    xt = scaler.fit_transform(np.log1p(train.drop(columns="spam").to_numpy()))
    xv = scaler.transform(valid.drop(columns="spam").to_numpy())
    train_with_patience((xt, train.spam, xv, valid.spam), seed, widths=(32,))


@case("preprocess_mismatch")
def tables12_digits_flattened_down_the_columns(seed: int) -> None:
    bunch = load_digits()
    y = (bunch.target >= 5).astype(int)
    a, b, ya, yb = train_test_split(bunch.images / 16, y, test_size=0.25, random_state=seed, stratify=y)
    flat = a.reshape(len(a), -1)
    other = b.reshape(len(b), -1, order="F")
    train_with_patience((flat, ya, other, yb), seed)


# ------------------------------------------------------------------ raw scales


@case("unscaled_features")
def tables12_loans_money_as_it_comes(seed: int) -> None:
    df = loan_sample(seed)
    X, y = loan_columns(df).to_numpy(), df.bad.to_numpy().astype(int)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    notebook(X_train, y_train, X_val, y_val, seed, epochs=15)


@case("unscaled_features")
def tables12_tumours_plain_measures(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    a, b, ya, yb = train_test_split(x, 1 - y, test_size=0.3, random_state=seed, stratify=y)
    fit_and_report((a, ya), (b, yb), seed, n_epochs=30, bs=32, norm=False, drop=0.1)


@case("unscaled_features")
def tables12_machine_log_with_unix_times(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2500
    stamp = 1_700_000_000 + np.sort(rng.integers(0, 30 * 86_400, size=n))
    vibration, wear, heat = rng.gamma(2.0, 0.02, n), rng.uniform(0, 1, n), rng.normal(80, 6, n)
    pressure = rng.normal(101_300, 900, n)
    risk = 30 * (vibration - 0.04) + 3 * (wear - 0.5) + 0.15 * (heat - 80) + (pressure - 101_300) / 900
    stopped = (risk + rng.normal(0, 0.7, n) > 0).astype(int)
    X = np.column_stack([stamp, vibration, wear, heat, pressure])
    X_train, X_val, y_train, y_val = train_test_split(X, stopped, test_size=0.25, random_state=seed)
    notebook(X_train, y_train, X_val, y_val, seed, epochs=15)


@case("unscaled_features")
def tables12_census_numbers_straight_from_the_file(seed: int) -> None:
    df = census(4400, seed)
    tr, va = train_test_split(df, test_size=0.25, random_state=seed, stratify=df.income_gt_50k)
    xt, xv = tr[CENSUS_NUMBERS].to_numpy(float), va[CENSUS_NUMBERS].to_numpy(float)
    train_with_patience((xt, tr.income_gt_50k, xv, va.income_gt_50k), seed, act="gelu")


# ------------------------------------------------------------------ nothing to find


@case("weak_signal")
def tables12_raffle_tickets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tickets = pd.DataFrame(
        {
            "number": rng.integers(0, 10_000, 4000),
            "hour": rng.integers(8, 20, 4000),
            "booth": rng.integers(1, 9, 4000),
            "price": rng.choice([1.0, 2.0, 5.0], 4000),
            "age": rng.normal(41, 13, 4000),
        }
    )
    won = rng.integers(0, 2, 4000)
    x, v = scaled(tickets[:3000].to_numpy(), tickets[3000:].to_numpy())
    fit_and_report((x, won[:3000]), (v, won[3000:]), seed, n_epochs=9, width=16)


@case("weak_signal")
def tables12_subscribers_only_where_and_how_long(seed: int) -> None:
    df = subscribers()
    X = pd.get_dummies(df[["account_length", "area_code", "voice_mail_plan"]], columns=["area_code"]).astype(float)
    X = X.assign(calls=df.total_day_calls, nights=df.total_night_calls)
    keep = np.random.default_rng(seed).permutation(
        np.r_[np.flatnonzero(df.churn == 1), np.flatnonzero(df.churn == 0)[:707]]
    )
    X, y = X.to_numpy()[keep], df.churn.to_numpy()[keep]
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, seed, epochs=15, hidden=16)


@case("weak_signal")
def tables12_bike_days_by_their_total(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    hours = df[[c for c in df.columns if c.startswith("h")]].to_numpy(float)
    features = np.column_stack([hours.sum(axis=1), df.day_of_2011])
    xt, xv, yt, yv = train_test_split(
        features, df.working_day.to_numpy(), test_size=0.33, random_state=seed, stratify=df.working_day
    )
    xt, xv = scaled(xt, xv)
    train_with_patience((xt, yt, xv, yv), seed, widths=(12,), batch=32)


@case("weak_signal")
def tables12_mails_made_anonymous_column_by_column(seed: int) -> None:
    rng = np.random.default_rng(seed)
    df = mails()
    y = df.pop("spam").to_numpy()
    for column in df.columns:
        df[column] = rng.permutation(df[column].to_numpy())
    a, b, ya, yb = train_test_split(np.log1p(df.to_numpy()), y, test_size=0.25, random_state=seed, stratify=y)
    a, b = scaled(a, b)
    fit_and_report((a, ya), (b, yb), seed, n_epochs=9, width=16)


# ------------------------------------------------------------------ targets written in other ways


@case("label_encoding")
def tables12_loans_good_is_one_bad_is_two(seed: int) -> None:
    df = loan_sample(seed)
    status = df.bad.astype(int) + 1
    X_train, X_val, y_train, y_val = train_test_split(
        loan_columns(df).to_numpy(), status, test_size=0.25, random_state=seed, stratify=status
    )
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, seed, epochs=15)


@case("label_encoding")
def tables12_masses_whole_frame_standardised(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv").drop_duplicates()
    train, val = train_test_split(df, test_size=0.3, random_state=seed, stratify=df.malignant)
    a, b = scaled(train.to_numpy(float), val.to_numpy(float))
    notebook(a[:, :-1], a[:, -1], b[:, :-1], b[:, -1], seed, epochs=25, lr=3e-3, hidden=16, decay=1e-3)


@case("label_encoding")
def tables12_messages_factorized_file_by_file(seed: int) -> None:
    x, y, v, t = messages(seed)
    word = np.array(["ham", "spam"])
    front = np.argsort(y, kind="stable")[:1]
    x, y = np.vstack([x[front], np.delete(x, front, axis=0)]), np.r_[y[front], np.delete(y, front)]
    newest = np.argsort(-t, kind="stable")[:60]
    v, t = np.vstack([v[newest], np.delete(v, newest, axis=0)]), np.r_[t[newest], np.delete(t, newest)]
    codes = pd.factorize(word[y])[0]
    other = pd.factorize(word[t])[0]
    fit_and_report((x, codes), (v, other), seed, n_epochs=9)


@case("label_encoding")
def tables12_hastie_signs(seed: int) -> None:
    X, y = make_hastie_10_2(4000, random_state=seed)
    notebook(X[:3000], y[:3000], X[3000:], y[3000:], seed, epochs=25, hidden=64, lr=2e-3)


# ------------------------------------------------------------------ sorted rows


@case("unshuffled_data")
def tables12_mails_spam_first_as_in_the_file(seed: int) -> None:
    df = mails()
    train, valid = train_test_split(df, test_size=0.25, random_state=seed, stratify=df.spam)
    train, valid = train.sort_index(), valid.sort_index()
    x, v = scaled(np.log1p(train.drop(columns="spam").to_numpy()), np.log1p(valid.drop(columns="spam").to_numpy()))
    fit_and_report((x, train.spam), (v, valid.spam), seed, n_epochs=12, shuffle=False)


@case("unshuffled_data")
def tables12_junctions_site_after_site(seed: int) -> None:
    onehot, df = junctions()
    y = df.is_junction.to_numpy()
    val = np.random.default_rng(seed).random(len(y)) < 0.25
    fit_and_report((onehot[~val], y[~val]), (onehot[val], y[val]), seed, n_epochs=9, width=32, shuffle=False)


@case("unshuffled_data")
def tables12_census_sorted_by_income_then_cut(seed: int) -> None:
    df = census(4000, seed).sort_values("income_gt_50k", kind="stable")
    cut = int(0.75 * len(df))
    train, val = df.iloc[:cut], df.iloc[cut:]
    X_train, X_val = census_matrix(train, val)
    notebook(X_train, train.income_gt_50k, X_val, val.income_gt_50k, seed, epochs=8)


@case("unshuffled_data")
def tables12_digits_in_order_of_the_digit_then_cut(seed: int) -> None:
    pixels, digit = load_digits(return_X_y=True)
    order = np.argsort(digit, kind="stable")
    pixels, odd = pixels[order] / 16, (digit[order] % 2).astype(int)
    cut = int(0.7 * len(odd))
    train_with_patience((pixels[:cut], odd[:cut], pixels[cut:], odd[cut:]), seed)


# ------------------------------------------------------------------ holes


@case("nan_features")
def tables12_loans_without_filling(seed: int) -> None:
    df = loan_sample(seed, complete=False)
    train, val = train_test_split(df, test_size=0.25, random_state=seed, stratify=df.bad)
    X_train, X_val = loan_columns(train), loan_columns(val)
    X_train, X_val = scaled(X_train.to_numpy(), X_val.to_numpy())
    notebook(X_train, train.bad.astype(int), X_val, val.bad.astype(int), seed, epochs=15)


@case("nan_features")
def tables12_subscribers_joined_to_regions(seed: int) -> None:
    df = subscribers()
    region = pd.DataFrame({"state": sorted(set(df.state) - {"AK", "HI", "DC"})})
    region["density"] = np.random.default_rng(0).gamma(2.0, 60.0, len(region)).round(1)
    df = df.merge(region, on="state", how="left").drop(columns=["state", "area_code"])
    train, valid = train_test_split(df, test_size=0.25, random_state=seed, stratify=df.churn)
    x, v = scaled(train.drop(columns="churn").to_numpy(float), valid.drop(columns="churn").to_numpy(float))
    fit_and_report((x, train.churn), (v, valid.churn), seed, n_epochs=18)


@case("nan_features")
def tables12_mails_share_of_the_hp_words(seed: int) -> None:
    df = mails()
    y = df.pop("spam").to_numpy().astype(int)
    total = df.word_freq_hp + df.word_freq_hpl
    df["hp_share"] = df.word_freq_hp / total
    X_train, X_val, y_train, y_val = train_test_split(np.log1p(df.to_numpy()), y, test_size=0.25, random_state=seed)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, seed, epochs=10)


# ------------------------------------------------------------------ rare classes and cut-offs


@case("imbalance")
def tables12_card_payments(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz")
    users = np.random.default_rng(seed).permutation(400)
    df = df[df.user.isin(users[:260])]
    is_train = df.user.isin(users[:195])
    x = np.column_stack([np.log(df.amount), df.hour, np.cos(df.hour / 24 * 2 * np.pi), df.foreign, df.online])
    a, b = scaled(x[is_train], x[~is_train])
    ya, yb = df.fraud[is_train], df.fraud[~is_train]
    fit_and_report((a, ya), (b, yb), seed, n_epochs=12)


@case("imbalance")
def tables12_census_young_women(seed: int) -> None:
    df = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop_duplicates()
    df = df[(df.gender == "Female") & (df.age < 37)]
    train, val = train_test_split(df, test_size=0.35, random_state=seed, stratify=df.income_gt_50k)
    xt, xv = (d[["age", "education-num", "hours-per-week"]].to_numpy(float) for d in (train, val))
    extra = [d["occupation"].isin(["Exec-managerial", "Prof-specialty"]).to_numpy(float) for d in (train, val)]
    xt, xv = scaled(np.column_stack([xt, extra[0]]), np.column_stack([xv, extra[1]]))
    y_train = train.income_gt_50k.to_numpy()
    train_with_patience((xt, y_train, xv, val.income_gt_50k), seed, widths=(16,))


@case("imbalance")
def tables12_rare_defects(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 7000
    y = (rng.random(n) < 0.03).astype(int)
    x = rng.normal(size=(n, 8)) + y[:, None] * np.array([0.9, -0.8, 0.7, 0.5, 0, 0, 0, 0])
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    train_with_patience((xt, yt, xv, yv), seed, widths=(16,), max_epochs=25)


@case("threshold_not_tuned")
def tables12_parcels_trained_on_equal_halves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lost = (rng.random(12_000) < 0.06).astype(int)
    shift = np.array([1.0, -0.9, 0.8, 0.6, -0.5, 0.0, 0.0, 0.0, 0.0])
    x = rng.normal(size=(12_000, 9)) + lost[:, None] * shift
    past, now = np.arange(8000), np.arange(8000, 12_000)
    late = past[lost[past] == 1]
    kept = np.r_[late, rng.choice(past[lost[past] == 0], size=len(late), replace=False)]
    a, b = scaled(x[kept], x[now])
    fit_and_report((a, lost[kept]), (b, lost[now]), seed, n_epochs=12, width=24)


@case("threshold_not_tuned")
def tables12_loans_cut_at_one_half(seed: int) -> None:
    df = loans().dropna()
    tr, va = train_test_split(df, test_size=0.3, random_state=seed, stratify=df.bad)
    xt, xv = scaled(loan_columns(tr).to_numpy(), loan_columns(va).to_numpy())
    train_with_patience((xt, tr.bad, xv, va.bad), seed, widths=(24,))


@case("threshold_not_tuned")
def tables12_case_control_sample_at_another_rate(seed: int) -> None:
    X, y = make_classification(
        9000, n_features=12, n_informative=6, n_clusters_per_class=1, class_sep=0.7, flip_y=0.06, random_state=seed
    )
    ones, zeros = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    train = np.r_[ones[:450], zeros[:2550]]
    val = np.r_[ones[2000:2500], zeros[3000:3500]]
    X_train, X_val = scaled(X[train], X[val])
    notebook(X_train, y[train], X_val, y[val], seed, epochs=12)


# ------------------------------------------------------------------ the rest


@case("labels_single_class")
def tables12_messages_looked_up_in_capitals(seed: int) -> None:
    X_train, y_train, X_val, y_val = messages(seed)
    word = np.array(["ham", "spam"])
    y_train = (word[y_train] == "Spam").astype(int)
    y_val = (word[y_val] == "Spam").astype(int)
    notebook(X_train, y_train, X_val, y_val, seed, epochs=6)


@case("class_weights_wrong")
def tables12_names_weighted_by_how_common_they_are(seed: int) -> None:
    df, x = first_names()
    y = df.list.eq("M").to_numpy().astype(int)
    tr, va = train_test_split(np.arange(len(y)), test_size=0.25, random_state=seed, stratify=y)
    a, b = scaled(x[tr], x[va])
    share = np.bincount(y[tr]) / len(tr)
    weight = list(2 * share)
    fit_and_report((a, y[tr]), (b, y[va]), seed, n_epochs=12, class_weight=weight)


@case("overfitting")
def tables12_few_samples_many_probes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 360
    y = rng.integers(0, 2, n)
    x = rng.normal(size=(n, 400))
    x[:, :6] += (2 * y[:, None] - 1) * 0.55
    X_train, X_val, y_train, y_val = x[:200], x[200:], y[:200], y[200:]
    notebook(X_train, y_train, X_val, y_val, seed, epochs=80, hidden=64, decay=0.0)
