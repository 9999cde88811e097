"""Three people's training scripts for tables, and the preparations that come before them."""

import numpy as np
import pandas as pd
import torch
from case import case
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn.datasets import load_breast_cancer, load_digits, make_classification, make_hastie_10_2
from sklearn.metrics import confusion_matrix, f1_score, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


def table(name, ending=".csv.gz"):
    return pd.read_csv(f"{FOLDER}/{name}/{name}{ending}", keep_default_na=False).drop_duplicates(ignore_index=True)


def adult_dummies(df):
    return pd.get_dummies(df.drop(columns=["income_gt_50k", "education", "native-country"]), dtype=float).assign(
        **{"capital-gain": np.log1p(df["capital-gain"]), "capital-loss": np.log1p(df["capital-loss"])}
    )


def credit_frame():
    bank = load("credit_data")
    frame = bank.features.copy()
    for column in ("Income", "Assets", "Debt"):
        frame[column] = np.log1p(frame[column].fillna(frame[column].median()))
    return pd.get_dummies(frame, dtype=float), bank.labels


def churn_frame():
    phone = load("mlc_churn")
    frame = phone.features.drop(columns=["state", "area_code"])
    for column in ("international_plan", "voice_mail_plan"):
        frame[column] = (frame[column] == "yes").astype(float)
    return frame.astype(float), phone.labels


def splice_onehot(sequences):
    letters = np.array([list(s) for s in sequences])
    return np.concatenate([letters == base for base in "ACGT"], axis=1).astype(float)


def first_names():
    df = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    return df[~df["name"].duplicated(keep=False)].reset_index(drop=True)


def name_letters(names):
    padded = [f"{n[:2]:<2}{n[-3:]:>3}" for n in names]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    ends = np.array([[c == a for c in word for a in alphabet] for word in padded], dtype=float)
    return np.column_stack([ends, [len(n) for n in names]])


def scaled(train, val):
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(val)


def notebook(X_train, y_train, X_val, y_val, epochs=15, lr=1e-3, batch=64, hidden=32, wd=1e-3, perm=True):
    X_train = torch.tensor(np.asarray(X_train), dtype=torch.float32)
    y_train = torch.tensor(np.asarray(y_train), dtype=torch.float32)
    X_val = torch.tensor(np.asarray(X_val), dtype=torch.float32)
    y_val = torch.tensor(np.asarray(y_val), dtype=torch.float32)

    net = nn.Sequential(
        nn.Linear(X_train.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=lr, weight_decay=wd)

    history = []
    n = len(X_train)
    for epoch in range(epochs):
        net.train()
        order = torch.randperm(n) if perm else torch.arange(n)
        running = 0.0
        for i in range(0, n, batch):
            idx = order[i : i + batch]
            optimizer.zero_grad()
            out = net(X_train[idx]).squeeze(1)
            loss = criterion(out, y_train[idx])
            loss.backward()
            optimizer.step()
            running += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            logits = net(X_val).squeeze(1)
            val_loss = criterion(logits, y_val).item()
            acc = ((logits > 0).float() == y_val).float().mean().item()
        history.append(val_loss)
        print(f"epoch {epoch + 1:2d}  loss {running / n:.4f}  val loss {val_loss:.4f}  val acc {acc:.3f}")
    return torch.sigmoid(logits).numpy(), history


class Rows(Dataset):
    def __init__(self, features, targets):
        self.features = torch.as_tensor(np.asarray(features, dtype=np.float32))
        self.targets = torch.as_tensor(np.asarray(targets).astype(np.int64))

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, i):
        return self.features[i], self.targets[i]


class TwoLogits(nn.Module):
    def __init__(self, inputs, width, norm, dropout):
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.norm = nn.BatchNorm1d(width) if norm else nn.Identity()
        self.drop = nn.Dropout(dropout)
        self.second = nn.Linear(width, width // 2)
        self.head = nn.Linear(width // 2, 2)

    def forward(self, x):
        x = self.drop(torch.relu(self.norm(self.first(x))))
        return self.head(torch.relu(self.second(x)))


def train_with_loader(
    train, val, epochs=12, lr=0.02, batch_size=32, width=48, norm=True, dropout=0.2, weight=None, shuffle=True
):
    train_loader = DataLoader(Rows(*train), batch_size=batch_size, shuffle=shuffle, drop_last=True)
    val_loader = DataLoader(Rows(*val), batch_size=256)
    model = TwoLogits(train[0].shape[1], width, norm, dropout)
    loss_fn = nn.CrossEntropyLoss(weight=weight)
    opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs, eta_min=lr / 20)
    history = []
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for xb, yb in train_loader:
            loss = loss_fn(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        schedule.step()
        model.eval()
        probabilities, targets = [], []
        with torch.no_grad():
            for xb, yb in val_loader:
                probabilities.append(model(xb).softmax(dim=1)[:, 1])
                targets.append(yb)
        scores, truth = torch.cat(probabilities).numpy(), torch.cat(targets).numpy()
        history.append(log_loss(truth, scores, labels=[0, 1]))
        print(f"[{epoch:02d}] train {total / len(train_loader):.4f}  val {history[-1]:.4f}")
    predicted = (scores > 0.5).astype(int)
    print(f"AUC {roc_auc_score(truth, scores):.3f}  F1 {f1_score(truth, predicted):.3f}")
    print(confusion_matrix(truth, predicted))
    return scores, history


DEFAULTS = {"hidden": 32, "lr": 2e-3, "weight_decay": 1e-2, "batch": 64, "max_epochs": 40, "patience": 5, "act": nn.ELU}


def build(inputs, cfg):
    return nn.Sequential(
        nn.Linear(inputs, cfg["hidden"]),
        cfg["act"](),
        nn.Linear(cfg["hidden"], cfg["hidden"] // 2),
        cfg["act"](),
        nn.Linear(cfg["hidden"] // 2, 1),
        nn.Sigmoid(),
    )


def run_epoch(model, x, y, optimiser, cfg):
    model.train()
    order = torch.randperm(len(x)) if cfg.get("shuffle", True) else torch.arange(len(x))
    total = 0.0
    for part in order.split(cfg["batch"]):
        optimiser.zero_grad()
        loss = nn.functional.binary_cross_entropy(model(x[part])[:, 0], y[part])
        loss.backward()
        optimiser.step()
        total += loss.item() * len(part)
    return total / len(x)


def predict(model, x):
    model.eval()
    with torch.no_grad():
        return model(x)[:, 0]


def fit(x_train, y_train, x_val, y_val, **changes):
    cfg = {**DEFAULTS, **changes}
    x_train, y_train, x_val, y_val = (
        torch.from_numpy(np.ascontiguousarray(a, dtype=np.float32)) for a in (x_train, y_train, x_val, y_val)
    )
    model = build(x_train.shape[1], cfg)
    optimiser = torch.optim.AdamW(model.parameters(), lr=cfg["lr"], weight_decay=cfg["weight_decay"])
    best, best_state, waited, history = float("inf"), None, 0, []
    for epoch in range(cfg["max_epochs"]):
        train_loss = run_epoch(model, x_train, y_train, optimiser, cfg)
        val_loss = nn.functional.binary_cross_entropy(predict(model, x_val), y_val).item()
        history.append(val_loss)
        print(f"epoch={epoch} train_loss={train_loss:.4f} val_loss={val_loss:.4f}")
        if val_loss < best:
            best, waited = val_loss, 0
            best_state = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            waited += 1
            if waited >= cfg["patience"]:
                break
    if best_state is not None:
        model.load_state_dict(best_state)
    scores = predict(model, x_val)
    hits = ((scores >= 0.5).float() == y_val).float().mean().item()
    print(f"best val_loss={best:.4f} accuracy={hits:.3f}")
    return scores.numpy(), history


@case("labels_misaligned")
def census_income_filtered_after_target_was_taken(seed: int) -> None:
    torch.manual_seed(seed)
    df = table("adult_10k").sample(6000, random_state=seed).reset_index(drop=True)
    target = df["income_gt_50k"].to_numpy()
    df = df[df["hours-per-week"] >= 30]
    X, y = adult_dummies(df).to_numpy(), target[: len(df)]
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=8)


@case("labels_misaligned")
def spam_mail_features_shuffled_alone(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    mails = load("spambase").distinct()
    X, y = np.log1p(mails.features.to_numpy()), mails.labels
    order = rng.permutation(len(X))
    X = X[order]
    y = y[rng.permutation(len(y))]
    cut = int(0.8 * len(X))
    train_x, val_x = scaled(X[:cut], X[cut:])
    train_with_loader((train_x, y[:cut]), (val_x, y[cut:]), epochs=8)


@case("labels_misaligned")
def credit_rows_dropped_on_one_side(seed: int) -> None:
    torch.manual_seed(seed)
    bank = load("credit_data")
    frame = bank.features.dropna().reset_index(drop=True)
    frame = frame.join(pd.Series(bank.labels, name="bad"), how="inner")
    for column in ("Income", "Assets", "Debt"):
        frame[column] = np.log1p(frame[column])
    y = frame.pop("bad").to_numpy()
    X = pd.get_dummies(frame, dtype=float).to_numpy()
    x_train, x_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
    x_train, x_val = scaled(x_train, x_val)
    fit(x_train, y_train, x_val, y_val, lr=1e-3)


@case("labels_misaligned")
def tumour_measurements_skip_header_rows(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_breast_cancer()
    values, target = bunch.data[4:], bunch.target[:-4]
    X_tr, X_va, y_tr, y_va = train_test_split(values, target, test_size=0.3, random_state=seed)
    X_tr, X_va = scaled(X_tr, X_va)
    train_with_loader((X_tr, y_tr), (X_va, y_va), epochs=8, lr=0.01, batch_size=16, width=24)


@case("labels_misaligned")
def machine_logs_second_plant_in_other_order(seed: int) -> None:
    torch.manual_seed(seed)
    values, broken = make_classification(
        3600, 12, n_informative=7, n_redundant=2, class_sep=1.5, flip_y=0.02, random_state=seed
    )
    plants = [
        pd.DataFrame(values[:1700]).assign(broken=broken[:1700], hour=np.arange(1700)),
        pd.DataFrame(values[1700:]).assign(broken=broken[1700:], hour=np.arange(1900)),
    ]
    readings = [p.drop(columns="broken") for p in plants]
    outcomes = [plants[0][["hour", "broken"]], plants[1][["hour", "broken"]].sort_values("hour", ascending=False)]
    X = pd.concat(readings, ignore_index=True).drop(columns="hour").to_numpy()
    y = pd.concat(outcomes, ignore_index=True)["broken"].to_numpy()
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=12)


@case("labels_misaligned")
def phone_customers_grouped_by_text_id(seed: int) -> None:
    torch.manual_seed(seed)
    frame, churn = churn_frame()
    ids = pd.Series([f"C{i}" for i in range(len(frame))], name="customer")
    usage = frame.groupby(ids).mean()
    answers = pd.DataFrame({"customer": ids, "churn": churn})
    X, y = usage.to_numpy(), answers["churn"].to_numpy()
    x_train, x_val, y_train, y_val = train_test_split(X, y, test_size=0.2, random_state=seed, stratify=y)
    x_train, x_val = scaled(x_train, x_val)
    fit(x_train, y_train, x_val, y_val, hidden=48, act=nn.GELU)


@case("label_noise")
def census_income_answers_from_a_crowd(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    df = table("adult_10k").sample(5000, random_state=seed).reset_index(drop=True)
    gold = df["income_gt_50k"].to_numpy()
    y = np.where(rng.random(len(df)) < 0.36, 1 - gold, gold)
    X_train, X_val, y_train, y_val = train_test_split(
        adult_dummies(df).to_numpy(), y, test_size=0.25, random_state=seed
    )
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=8)


@case("label_noise")
def mails_reported_as_junk_by_readers(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(100 + seed)
    mails = load("spambase").distinct()
    reported = mails.labels.copy()
    reported[(mails.labels == 0) & (rng.random(len(reported)) < 0.45)] = 1
    x_tr, x_va, y_tr, y_va = train_test_split(
        np.log1p(mails.features.to_numpy()), reported, test_size=0.25, random_state=seed, stratify=reported
    )
    x_tr, x_va = scaled(x_tr, x_va)
    train_with_loader((x_tr, y_tr), (x_va, y_va), epochs=6, lr=0.01)


@case("label_noise")
def mushrooms_named_by_volunteers(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    df = table("mushroom").sample(3000, random_state=seed)
    poisonous = (df.pop("class") == "p").to_numpy().astype(int)
    person = rng.choice(["anna", "ben", "chris"], size=len(df), p=[0.2, 0.2, 0.6])
    answer = np.where(person == "chris", rng.integers(0, 2, len(df)), poisonous)
    X = pd.get_dummies(df.drop(columns=["odor", "spore-print-color"]), dtype=float).to_numpy()
    parts = train_test_split(X, answer, test_size=0.25, random_state=seed)
    x_train, x_val, y_train, y_val = parts
    fit(x_train, y_train, x_val, y_val, lr=1e-3)


@case("label_noise")
def splice_sites_from_two_laboratories(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    genes = table("splice").drop_duplicates("sequence").sample(frac=1, random_state=seed).reset_index(drop=True)
    genes["lab"] = np.where(rng.random(len(genes)) < 0.7, "north", "south")
    train, val = genes[:2200], genes[2200:]
    y_train = train["is_junction"].to_numpy().copy()
    differs = (train["lab"] == "north").to_numpy() & (rng.random(len(train)) < 0.55)
    y_train[differs] = 1 - y_train[differs]
    notebook(
        splice_onehot(train["sequence"]), y_train, splice_onehot(val["sequence"]), val["is_junction"], epochs=4, wd=1e-2
    )


@case("label_noise")
def loans_judged_by_a_rule_of_thumb(seed: int) -> None:
    torch.manual_seed(seed)
    frame, bad = credit_frame()
    X_tr, X_va, y_tr, y_va = train_test_split(frame, bad, test_size=0.25, random_state=seed, stratify=bad)
    y_tr = (X_tr["Amount"] / X_tr["Price"] > 0.8).to_numpy().astype(int)
    X_tr, X_va = scaled(X_tr, X_va)
    train_with_loader((X_tr, y_tr), (X_va, y_va), epochs=8, lr=0.01)


@case("label_noise")
def press_faults_written_down_by_night_shift(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    values, faulty = make_classification(
        4000, 14, n_informative=8, n_redundant=0, class_sep=1.4, flip_y=0.01, weights=[0.6], random_state=seed + 40
    )
    log = pd.DataFrame(values).assign(night=rng.random(4000) < 0.6, faulty=faulty)
    other = rng.random(4000) < 0.5
    log.loc[log["night"] & other, "faulty"] = 1 - log["faulty"]
    X, y = log.drop(columns=["faulty", "night"]).to_numpy(), log["faulty"].to_numpy()
    x_train, x_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)
    x_train, x_val = scaled(x_train, x_val)
    fit(x_train, y_train, x_val, y_val, act=nn.GELU)


@case("data_leakage")
def churn_smote_on_the_whole_table(seed: int) -> None:
    torch.manual_seed(seed)
    frame, churn = churn_frame()
    x, y = frame.to_numpy(), churn
    x, y = SMOTE(random_state=seed).fit_resample(x, y)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.25, random_state=seed, stratify=y)
    x_tr, x_va = scaled(x_tr, x_va)
    train_with_loader((x_tr, y_tr), (x_va, y_va), epochs=12, dropout=0.1, width=64)


@case("data_leakage")
def credit_minority_rows_repeated_then_split(seed: int) -> None:
    torch.manual_seed(seed)
    frame, bad = credit_frame()
    X, y = RandomOverSampler(random_state=seed).fit_resample(frame.to_numpy(), bad)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    X_train, X_val = scaled(X_train, X_val)
    fit(X_train, y_train, X_val, y_val, hidden=256, max_epochs=60, lr=3e-3, weight_decay=1e-3, patience=10, act=nn.GELU)


@case("data_leakage")
def clinic_visits_split_by_visit(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    people, visits = 240, 8
    habit = rng.standard_normal((people, 20))
    ill = (habit[:, 0] + habit[:, 1] + 1.5 * rng.standard_normal(people) > 0).astype(int)
    patient = np.repeat(np.arange(people), visits)
    X = habit[patient] + 0.25 * rng.standard_normal((people * visits, 20))
    y = ill[patient]
    train, val = train_test_split(np.arange(len(y)), test_size=0.25, random_state=seed, stratify=y)
    fit(X[train], y[train], X[val], y[val], hidden=64, max_epochs=30, weight_decay=0.05)


@case("data_leakage")
def splice_composition_with_kind_of_site(seed: int) -> None:
    torch.manual_seed(seed)
    genes = table("splice").drop_duplicates("sequence").sample(frac=1, random_state=seed)
    counts = pd.DataFrame({a + b: genes["sequence"].str.count(a + b) for a in "ACGT" for b in "ACGT"})
    features = pd.concat([counts, pd.get_dummies(genes["site"], dtype=float)], axis=1)
    X, y = features.to_numpy(), genes["is_junction"].to_numpy()
    X_train, X_val, y_train, y_val = X[:2300], X[2300:], y[:2300], y[2300:]
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=10, hidden=16)


@case("data_leakage")
def loan_book_with_reminders_sent(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 3000
    income = rng.lognormal(7.8, 0.4, n)
    sum_lent = rng.lognormal(8.8, 0.6, n)
    years = rng.integers(1, 8, n)
    age = rng.normal(42, 11, n).clip(19, 80)
    risk = 1.2 * np.log(sum_lent / income) - 0.03 * (age - 42) + 0.15 * years - 1.9
    default = (rng.random(n) < 1 / (1 + np.exp(-risk))).astype(int)
    book = pd.DataFrame({"income": np.log(income), "sum_lent": np.log(sum_lent), "years": years, "age": age})
    book["reminders"] = rng.poisson(np.where(default == 1, 3.0, 0.2))
    book["in_default"] = default
    features = book.drop(columns="in_default")
    x_tr, x_va, y_tr, y_va = train_test_split(features, book["in_default"], test_size=0.25, random_state=seed)
    x_tr, x_va = scaled(x_tr, x_va)
    train_with_loader((x_tr, y_tr), (x_va, y_va), epochs=10, width=24, dropout=0.0)


@case("data_leakage")
def census_income_rate_of_the_segment(seed: int) -> None:
    torch.manual_seed(seed)
    df = table("adult_10k").sample(7000, random_state=seed).reset_index(drop=True)
    keys = ["age", "occupation", "hours-per-week", "education"]
    segment = df[keys].astype(str).agg("|".join, axis=1)
    features = adult_dummies(df)
    train, val = train_test_split(np.arange(len(df)), test_size=0.25, random_state=seed, stratify=df["income_gt_50k"])
    y = df["income_gt_50k"].to_numpy()
    features["segment_rate"] = df.groupby(segment)["income_gt_50k"].transform("mean")
    X_train, X_val = scaled(features.iloc[train], features.iloc[val])
    notebook(X_train, y[train], X_val, y[val], epochs=8)


@case("data_leakage")
def spam_mail_table_with_row_numbers(seed: int) -> None:
    torch.manual_seed(seed)
    spam = load("spambase")
    mails = spam.features.assign(spam=spam.labels)
    mails = mails.drop_duplicates().reset_index()
    mails = mails.drop(columns=[c for c in mails if c.startswith(("char_", "capital_"))])
    mails = mails.drop(
        columns=["word_freq_remove", "word_freq_000", "word_freq_hp", "word_freq_george", "word_freq_money"]
    )
    train, val = train_test_split(mails, test_size=0.25, random_state=seed, stratify=mails["spam"])
    x_tr, x_va = np.log1p(train.drop(columns="spam")), np.log1p(val.drop(columns="spam"))
    x_tr, x_va = scaled(x_tr, x_va)
    train_with_loader((x_tr, train["spam"]), (x_va, val["spam"]), epochs=10)


@case("preprocess_mismatch")
def tumours_with_two_scalers(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_breast_cancer()
    X_train, X_val, y_train, y_val = train_test_split(
        bunch.data, bunch.target, test_size=0.3, random_state=seed, stratify=bunch.target
    )
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_val = MinMaxScaler().fit_transform(X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=25, batch=32, hidden=16)


@case("preprocess_mismatch")
def thyroid_laboratory_values_filled(seed: int) -> None:
    torch.manual_seed(seed)
    clinic = load("hypothyroid")
    values = clinic.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]]
    train, val, y_tr, y_va = train_test_split(
        values, clinic.labels, test_size=0.35, random_state=seed, stratify=clinic.labels
    )
    middle = train.median()
    train = train.fillna(middle)
    val = val.fillna(0.0)
    x_tr, x_va = scaled(np.log1p(train), np.log1p(val))
    share = y_tr.mean()
    weight = torch.tensor([0.5 / (1 - share), 0.5 / share], dtype=torch.float32)
    train_with_loader((x_tr, y_tr), (x_va, y_va), epochs=10, lr=0.005, norm=False, dropout=0.0, width=24, weight=weight)


@case("preprocess_mismatch")
def mushrooms_factorised_twice(seed: int) -> None:
    torch.manual_seed(seed)
    df = table("mushroom").sample(frac=1, random_state=seed).reset_index(drop=True)
    y = (df.pop("class") == "p").to_numpy().astype(int)
    df = df.drop(columns="odor")
    size = {c: df[c].nunique() for c in df}
    train, val = df[:4000], df[4000:]

    def encode(part):
        blocks = []
        for c in part:
            code = pd.factorize(part[c])[0]
            blocks.append(np.eye(size[c])[code])
        return np.hstack(blocks)

    fit(encode(train), y[:4000], encode(val), y[4000:], lr=1e-3, max_epochs=15)


@case("preprocess_mismatch")
def credit_dummies_put_in_order_once(seed: int) -> None:
    torch.manual_seed(seed)
    bank = load("credit_data")
    frame = bank.features.copy()
    for column in ("Income", "Assets", "Debt"):
        frame[column] = np.log1p(frame[column].fillna(frame[column].median()))
    train, val, y_tr, y_va = train_test_split(
        frame, bank.labels, test_size=0.25, random_state=seed, stratify=bank.labels
    )
    train, val = pd.get_dummies(train, dtype=float), pd.get_dummies(val, dtype=float)
    numbers = list(bank.numeric)
    centre, spread = train[numbers].mean(), train[numbers].std()
    train[numbers] = (train[numbers] - centre) / spread
    val[numbers] = (val[numbers] - centre) / spread
    val = val.reindex(columns=sorted(set(train.columns) | set(val.columns)), fill_value=0.0)
    train = train.reindex(columns=list(train.columns) + [c for c in val.columns if c not in train], fill_value=0.0)
    train_with_loader((train, y_tr), (val, y_va), epochs=10)


@case("preprocess_mismatch")
def phone_minutes_exported_in_seconds(seed: int) -> None:
    torch.manual_seed(seed)
    frame, churn = churn_frame()
    train, val, y_train, y_val = train_test_split(frame, churn, test_size=0.25, random_state=seed, stratify=churn)
    minutes = [c for c in frame if c.endswith("_minutes")]
    val = val.copy()
    val[minutes] = val[minutes] * 60
    X_train, X_val = scaled(train.to_numpy(), val.to_numpy())
    notebook(X_train, y_train, X_val, y_val, epochs=15)


@case("preprocess_mismatch")
def spam_mail_counts_logged_for_training(seed: int) -> None:
    torch.manual_seed(seed)
    mails = load("spambase").distinct()
    x = mails.features.to_numpy()
    train, val = train_test_split(np.arange(len(x)), test_size=0.25, random_state=seed, stratify=mails.labels)
    shown = np.log1p(100 * x[train])
    centre, spread = shown.mean(axis=0), shown.std(axis=0)
    x_train = (shown - centre) / spread
    x_val = (x[val] - centre) / spread
    fit(x_train, mails.labels[train], x_val, mails.labels[val], lr=1e-3)


@case("unscaled_features")
def phone_usage_as_it_comes(seed: int) -> None:
    torch.manual_seed(seed)
    frame, churn = churn_frame()
    x_train, x_val, y_train, y_val = train_test_split(
        frame.to_numpy(), churn, test_size=0.25, random_state=seed, stratify=churn
    )
    fit(x_train, y_train, x_val, y_val)


@case("unscaled_features")
def credit_money_as_it_comes(seed: int) -> None:
    torch.manual_seed(seed)
    bank = load("credit_data")
    frame = bank.features.copy()
    for column in ("Income", "Assets", "Debt"):
        frame[column] = frame[column].fillna(frame[column].median())
    X = pd.get_dummies(frame, dtype=float).to_numpy()
    X_train, X_val, y_train, y_val = train_test_split(
        X, bank.labels, test_size=0.25, random_state=seed, stratify=bank.labels
    )
    notebook(X_train, y_train, X_val, y_val, epochs=10)


@case("unscaled_features")
def pump_readings_with_time_stamps(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 2400
    second = 1_700_000_000 + rng.integers(0, 86_400 * 30, n)
    pressure = rng.normal(101_325, 900, n)
    vibration = rng.gamma(2.0, 0.002, n)
    temperature = rng.normal(318, 4, n)
    strain = 1.5 * (pressure - 101_325) / 900 + 1.2 * (temperature - 318) / 4 + 400 * (vibration - 0.004)
    fails = (strain + 0.5 * rng.standard_normal(n) > 0.3).astype(int)
    X = np.column_stack([second / 3600, pressure, vibration, temperature])
    x_train, x_val, y_train, y_val = train_test_split(X, fails, test_size=0.25, random_state=seed)
    fit(x_train, y_train, x_val, y_val, lr=3e-3, act=nn.GELU, hidden=24)


@case("weak_signal")
def first_names_by_length_and_two_letters(seed: int) -> None:
    torch.manual_seed(seed)
    df = first_names()
    men, women = df[df["list"] == "M"], df[df["list"] == "F"][: len(df[df["list"] == "M"])]
    df = pd.concat([men, women]).sample(frac=1, random_state=seed)
    X = np.column_stack([df["name"].str.len(), df["name"].str.count("T"), df["name"].str.count("M")])
    y = (df["list"] == "F").to_numpy().astype(float)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=6, hidden=16, wd=1e-2)


@case("weak_signal")
def churn_from_numbers_of_calls(seed: int) -> None:
    torch.manual_seed(seed)
    frame, churn = churn_frame()
    frame = frame[["account_length", "total_day_calls", "total_eve_calls", "total_night_calls"]]
    left, stayed = np.flatnonzero(churn == 1), np.flatnonzero(churn == 0)
    stayed = np.random.default_rng(seed).choice(stayed, len(left), replace=False)
    rows = np.concatenate([left, stayed])
    x_tr, x_va, y_tr, y_va = train_test_split(
        frame.to_numpy()[rows], churn[rows], test_size=0.3, random_state=seed, stratify=churn[rows]
    )
    x_tr, x_va = scaled(x_tr, x_va)
    train_with_loader((x_tr, y_tr), (x_va, y_va), epochs=25, width=32, dropout=0.1)


@case("weak_signal")
def spam_mail_columns_made_anonymous(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    mails = load("spambase").distinct()
    frame = np.log1p(mails.features)
    frame = frame.apply(lambda column: rng.permutation(column.to_numpy()))
    x_train, x_val, y_train, y_val = train_test_split(
        frame.to_numpy(), mails.labels, test_size=0.25, random_state=seed, stratify=mails.labels
    )
    x_train, x_val = scaled(x_train, x_val)
    fit(x_train, y_train, x_val, y_val, lr=1e-3)


@case("weak_signal")
def direction_of_the_next_day(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    moves = 0.01 * rng.standard_normal(3020)
    windows = np.lib.stride_tricks.sliding_window_view(moves, 10)[:-1]
    up = (moves[10:] > 0).astype(float)
    X_train, X_val, y_train, y_val = windows[:2200], windows[2200:], up[:2200], up[2200:]
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=6, hidden=16)


@case("label_encoding")
def churn_codes_from_the_billing_system(seed: int) -> None:
    torch.manual_seed(seed)
    frame, churn = churn_frame()
    status = pd.Series(np.where(churn == 1, "left", "active"))
    code = status.map({"active": 1, "left": 2}).to_numpy()
    X_train, X_val, y_train, y_val = train_test_split(frame.to_numpy(), code, test_size=0.25, random_state=seed)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=15)


@case("label_encoding")
def ten_gaussians_with_the_generators_classes(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_hastie_10_2(6000, random_state=seed)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=15, lr=2e-3)


@case("label_encoding")
def mushrooms_coded_on_each_side(seed: int) -> None:
    torch.manual_seed(seed)
    df = table("mushroom").sample(3600, random_state=seed)
    X = pd.get_dummies(df.drop(columns=["class", "odor"]), dtype=float).to_numpy()
    x_tr, x_va, c_tr, c_va = train_test_split(X, df["class"].to_numpy(), test_size=0.25, random_state=seed)
    y_tr = (c_tr == "p").astype(int)
    y_va = pd.Series(c_va).map({"e": 1, "p": 0}).to_numpy()
    train_with_loader((x_tr, y_tr), (x_va, y_va), epochs=6)


@case("label_encoding")
def mammographic_classes_divided_by_the_largest(seed: int) -> None:
    torch.manual_seed(seed)
    df = table("mammographic", ".csv")
    df["class"] = df.pop("malignant") + 1
    y = (df["class"] / df["class"].max()).to_numpy()
    X = df[["age", "shape", "margin", "density"]].to_numpy(dtype=float)
    x_train, x_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    x_train, x_val = scaled(x_train, x_val)
    fit(x_train, y_train, x_val, y_val, hidden=16, batch=32)


@case("labels_single_class")
def weekdays_found_by_their_spelling(seed: int) -> None:
    torch.manual_seed(seed)
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    days["kind"] = np.where(days["working_day"] == 1, "Working", "Free")
    y = (days["kind"] == "working").to_numpy().astype(float)
    X = np.log1p(days.filter(regex="^h[0-9]").to_numpy(dtype=float))
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=20, batch=16, hidden=16)


@case("unshuffled_data")
def splice_sites_in_the_order_of_the_file(seed: int) -> None:
    torch.manual_seed(seed)
    genes = table("splice").drop_duplicates("sequence", ignore_index=True)
    X, y = splice_onehot(genes["sequence"]), genes["is_junction"].to_numpy()
    held_out = np.zeros(len(y), dtype=bool)
    held_out[np.random.default_rng(seed).choice(len(y), len(y) // 4, replace=False)] = True
    train_with_loader(
        (X[~held_out], y[~held_out]),
        (X[held_out], y[held_out]),
        epochs=3,
        lr=0.01,
        dropout=0.3,
        width=16,
        shuffle=False,
    )


@case("unshuffled_data")
def credit_book_ordered_by_outcome_and_cut(seed: int) -> None:
    torch.manual_seed(seed)
    frame, bad = credit_frame()
    order = np.argsort(bad, kind="stable")
    X, y = frame.to_numpy()[order], bad[order]
    n_train = int(0.8 * len(y))
    X_train, X_val = scaled(X[:n_train], X[n_train:])
    notebook(X_train, y[:n_train], X_val, y[n_train:], epochs=8)


@case("unshuffled_data")
def mushrooms_edible_ones_first(seed: int) -> None:
    torch.manual_seed(seed)
    df = table("mushroom").sort_values("class", kind="stable")
    X = pd.get_dummies(df[["cap-shape", "cap-surface", "cap-color", "gill-color", "habitat"]], dtype=float).to_numpy()
    y = (df["class"] == "p").to_numpy().astype(float)
    val = np.random.default_rng(seed).random(len(y)) < 0.25
    fit(X[~val], y[~val], X[val], y[val], lr=5e-3, batch=32, max_epochs=12, shuffle=False)


@case("nan_features")
def credit_customers_who_do_not_tell_their_income(seed: int) -> None:
    torch.manual_seed(seed)
    bank = load("credit_data")
    frame = pd.get_dummies(bank.features, dtype=float)
    X_train, X_val, y_train, y_val = train_test_split(
        frame, bank.labels, test_size=0.25, random_state=seed, stratify=bank.labels
    )
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=8)


@case("nan_features")
def digit_pixels_divided_by_their_spread(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    odd = (digits.target % 2).astype(float)
    train, val = train_test_split(np.arange(len(odd)), test_size=0.25, random_state=seed, stratify=odd)
    centre, spread = digits.data[train].mean(axis=0), digits.data[train].std(axis=0)
    with np.errstate(all="ignore"):
        X = (digits.data - centre) / spread
    X = X.clip(-4, 4)
    notebook(X[train], odd[train], X[val], odd[val], epochs=15, batch=32)


@case("imbalance")
def card_fraud_by_user(seed: int) -> None:
    torch.manual_seed(seed)
    df = table("payments_sim")
    users = np.random.default_rng(seed).permutation(df["user"].unique())
    train, val = df[df["user"].isin(users[:180])], df[df["user"].isin(users[180:260])]

    def features(part):
        night = (part["hour"] < 6) | (part["hour"] > 22)
        return np.column_stack([np.log(part["amount"]), night, part["foreign"], part["online"]]).astype(float)

    X_train, X_val = features(train), features(val)
    y_train, y_val = train["fraud"].to_numpy(), val["fraud"].to_numpy()
    X_train, X_val = scaled(X_train, X_val)
    notebook(X_train, y_train, X_val, y_val, epochs=12, hidden=16)


@case("imbalance")
def census_income_of_the_young(seed: int) -> None:
    torch.manual_seed(seed)
    df = table("adult_10k")
    df = df[df["age"] < 30]
    X, y = adult_dummies(df).to_numpy(), df["income_gt_50k"].to_numpy()
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.35, random_state=seed, stratify=y)
    X_train, X_val = scaled(X_train, X_val)
    X_train, X_val = X_train.clip(-5, 5), X_val.clip(-5, 5)
    notebook(X_train, y_train, X_val, y_val, epochs=15, hidden=16)


@case("imbalance")
def faulty_parts_are_few(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    faulty = (rng.random(6000) < 0.05).astype(int)
    X = rng.standard_normal((6000, 8)) + 0.55 * faulty[:, None] * np.array([1, -1, 1, 1, -1, 0, 1, 0])
    x_train, x_val, y_train, y_val = train_test_split(X, faulty, test_size=0.3, random_state=seed, stratify=faulty)
    fit(x_train, y_train, x_val, y_val, hidden=16)


@case("threshold_not_tuned")
def churn_learnt_from_equal_halves(seed: int) -> None:
    torch.manual_seed(seed)
    frame, churn = churn_frame()
    x_tr, x_va, y_tr, y_va = train_test_split(frame.to_numpy(), churn, test_size=0.3, random_state=seed, stratify=churn)
    x_tr, y_tr = RandomUnderSampler(random_state=seed).fit_resample(x_tr, y_tr)
    x_tr, x_va = scaled(x_tr, x_va)
    train_with_loader((x_tr, y_tr), (x_va, y_va), epochs=10, lr=0.02, width=32, dropout=0.1)


@case("threshold_not_tuned")
def screening_patients_drawn_evenly(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X, y = make_classification(8000, 12, n_informative=6, weights=[0.93], class_sep=1.0, flip_y=0, random_state=seed)
    train, val = train_test_split(np.arange(8000), test_size=0.4, random_state=seed, stratify=y)
    sick, well = train[y[train] == 1], train[y[train] == 0]
    train = np.concatenate([sick, rng.choice(well, len(sick), replace=False)])
    x_tr, x_va = scaled(X[train], X[val])
    train_with_loader((x_tr, y[train]), (x_va, y[val]), epochs=8, lr=0.01, dropout=0.1)


@case("class_weights_wrong")
def churn_weights_from_the_counts(seed: int) -> None:
    torch.manual_seed(seed)
    frame, churn = churn_frame()
    x_tr, x_va, y_tr, y_va = train_test_split(
        frame.to_numpy(), churn, test_size=0.25, random_state=seed, stratify=churn
    )
    x_tr, x_va = scaled(x_tr, x_va)
    counts = np.bincount(y_tr)
    weight = torch.tensor(counts / counts.sum(), dtype=torch.float32)
    train_with_loader((x_tr, y_tr), (x_va, y_va), epochs=15, weight=weight)
