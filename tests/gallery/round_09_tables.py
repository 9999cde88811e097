"""Three training scripts, each run unchanged on many tables: real ones, and the same after one accident."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from case import case, data
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

ROOT = Path(__file__).parents[2]
GALLERY = Path(__file__).parent / "data"
Four = tuple[Tensor, Tensor, Tensor, Tensor]


# ---- the three scripts -----------------------------------------------------------------------------------------------


def script_loader(x_train: Tensor, y_train: Tensor, x_val: Tensor, y_val: Tensor) -> None:
    """Mini-batches from a DataLoader, an MLP with one logit, Adam."""
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    epochs = max(15, 400 // len(loader))
    for epoch in range(epochs):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        if epoch % 5 == 4 or epoch == epochs - 1:
            model.eval()
            with torch.no_grad():
                pred = (torch.sigmoid(model(x_val).squeeze(1)) > 0.5).float()
            hits = ((pred == 1) & (y_val == 1)).sum()
            f1 = 2 * hits / ((pred == 1).sum() + (y_val == 1).sum()).clamp(min=1)
            accuracy = (pred == y_val).float().mean()
            print(f"epoch {epoch + 1}: val accuracy {accuracy:.3f}, F1 {f1:.3f}")


class TwoLayer(nn.Module):
    """A tanh layer and a linear one."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(n_features, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.tanh(self.hidden(x))).view(-1)


def script_full_batch(x_train: Tensor, y_train: Tensor, x_val: Tensor, y_val: Tensor) -> None:
    """All rows in one batch, a small tanh network, AdamW, judged by AUC."""
    net = TwoLayer(x_train.shape[1])
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-2)
    loss_fn = nn.BCEWithLogitsLoss()
    for step in range(1, 301):
        net.train()
        loss = loss_fn(net(x_train), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            net.eval()
            with torch.no_grad():
                scores = net(x_val)
            pos, neg = scores[y_val > 0.5], scores[y_val <= 0.5]
            above = (pos[:, None] > neg[None, :]).float() + 0.5 * (pos[:, None] == neg[None, :]).float()
            print(f"step {step}: val AUC {above.mean():.3f}")


def script_slices(x_train: Tensor, y_train: Tensor, x_val: Tensor, y_val: Tensor) -> None:
    """Slices of 25 rows in the table's order, two logits and cross-entropy, SGD with momentum."""
    network = nn.Sequential(
        nn.Linear(x_train.size(1), 48),
        nn.LeakyReLU(0.1),
        nn.Dropout(0.2),
        nn.Linear(48, 24),
        nn.GELU(),
        nn.Linear(24, 2),
    )
    sgd = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)
    targets = y_train.long()
    n_epochs = max(12, 10000 // len(x_train))
    for _ in range(n_epochs):
        network.train()
        for start in range(0, len(x_train), 25):
            logits = network(x_train[start : start + 25])
            batch_loss = nn.functional.cross_entropy(logits, targets[start : start + 25])
            sgd.zero_grad()
            batch_loss.backward()
            sgd.step()
    network.eval()
    with torch.no_grad():
        guess = network(x_val).argmax(dim=1)
    per_class = []
    for label in (0, 1):
        both = ((guess == label) & (y_val == label)).sum().item()
        per_class.append(2 * both / max((guess == label).sum().item() + (y_val == label).sum().item(), 1))
    print(f"after {n_epochs} epochs: val macro F1 {np.mean(per_class):.3f}")


# ---- the tables, clean -----------------------------------------------------------------------------------------------


def adult(seed: int, rows: int = 2000) -> tuple[pd.DataFrame, np.ndarray]:
    df = pd.read_csv(f"{GALLERY}/adult_10k/adult_10k.csv.gz").sample(rows, random_state=seed).reset_index(drop=True)
    y = df.pop("income_gt_50k").to_numpy()
    return pd.get_dummies(df.drop(columns=["education", "native-country", "race"])).astype(float), y


def mammographic() -> tuple[pd.DataFrame, np.ndarray]:
    df = pd.read_csv(f"{GALLERY}/mammographic/mammographic.csv")
    df["birads"] = df["birads"].clip(1, 6)
    return df.drop(columns="malignant").astype(float), df["malignant"].to_numpy()


def mushroom(seed: int, rows: int = 1500) -> tuple[pd.DataFrame, np.ndarray]:
    df = pd.read_csv(f"{GALLERY}/mushroom/mushroom.csv.gz").sample(rows, random_state=seed).reset_index(drop=True)
    y = (df.pop("class") == "p").to_numpy().astype(int)
    return df.drop(columns=["odor", "spore-print-color"]), y


def payments(seed: int, rows: int = 2600) -> tuple[pd.DataFrame, np.ndarray]:
    df = pd.read_csv(f"{GALLERY}/payments_sim/payments_sim.csv.gz")
    df["usual"] = df.groupby("user")["amount"].transform(lambda a: a.shift().expanding().mean())
    df = df[df["nr"] > 2].sample(rows, random_state=seed).reset_index(drop=True)
    df["ratio"] = np.log(df["amount"] / df["usual"])
    df["amount"] = np.log(df["amount"])
    return df[["amount", "hour", "foreign", "online", "ratio"]].astype(float), df["fraud"].to_numpy()


def splice(seed: int, rows: int = 1600, first: int = 20, last: int = 40) -> tuple[np.ndarray, np.ndarray]:
    df = pd.read_csv(f"{GALLERY}/splice/splice.csv.gz").drop_duplicates("sequence").sample(rows, random_state=seed)
    letters = np.array([list(s[first:last]) for s in df["sequence"]])
    return np.hstack([letters == base for base in "ACGT"]).astype(float), df["is_junction"].to_numpy()


def bikes() -> tuple[np.ndarray, np.ndarray]:
    df = pd.read_csv(f"{GALLERY}/bike_days/bike_days_2011.csv")
    return df[[f"h{h:02d}" for h in range(24)]].to_numpy(float), df["working_day"].to_numpy()


def first_names(seed: int, rows: int = 1800) -> tuple[pd.DataFrame, np.ndarray]:
    df = pd.read_csv(f"{GALLERY}/census_names/census_first_names_1990.csv", keep_default_na=False)
    df = df.sort_values("percent").drop_duplicates("name", keep="last").sample(rows, random_state=seed)
    parts = {"last": df["name"].str[-1], "before": df["name"].str[-2], "first": df["name"].str[0]}
    x = pd.get_dummies(pd.DataFrame(parts)).astype(float)
    x["length"] = df["name"].str.len()
    return x.reset_index(drop=True), (df["list"] == "M").to_numpy().astype(int)


def churn(seed: int, rows: int = 2500) -> tuple[pd.DataFrame, np.ndarray]:
    df = pd.read_csv(f"{ROOT}/data/mlc_churn/mlc_churn.csv.gz").sample(rows, random_state=seed).reset_index(drop=True)
    y = df.pop("churn").to_numpy()
    df = df.drop(columns=["state", "area_code"])
    return df.replace({"yes": 1, "no": 0}).infer_objects().astype(float), y


def credit(seed: int, rows: int = 2000) -> tuple[pd.DataFrame, np.ndarray]:
    df = pd.read_csv(f"{ROOT}/data/credit_data/credit_data.csv.gz").sample(rows, random_state=seed)
    y = df.pop("bad").to_numpy()
    return pd.get_dummies(df.reset_index(drop=True)).astype(float), y


def thyroid() -> tuple[pd.DataFrame, np.ndarray]:
    df = pd.read_csv(f"{ROOT}/data/hypothyroid/hypothyroid.csv.gz")
    y = df.pop("hypothyroid").to_numpy()
    x = df[["age", "TSH", "T3", "TT4", "T4U", "FTI"]].copy()
    x["TSH"] = np.log1p(x["TSH"])
    x["female"] = (df["sex"] == "F").astype(float)
    x["on_thyroxine"] = (df["on_thyroxine"] == "t").astype(float)
    return x, y


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_diabetes(return_X_y=True)
    return x, (y > np.median(y)).astype(int)


def digits(kind: str) -> tuple[np.ndarray, np.ndarray]:
    x, d = load_digits(return_X_y=True)
    if kind == "odd":
        return x, d % 2
    if kind == "large":
        return x, (d >= 5).astype(int)
    return x, (d == 8).astype(int)


def four(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> Four:
    """Return the four arrays as float tensors."""
    arrays = (x_train, y_train, x_val, y_val)
    return tuple(torch.tensor(np.asarray(a, dtype=float), dtype=torch.float32) for a in arrays)


def scaled(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> Four:
    """Standardise with the training rows' scaler, then tensors."""
    x_train, x_val = np.asarray(x_train, dtype=float), np.asarray(x_val, dtype=float)
    scaler = StandardScaler().fit(x_train)
    return four(scaler.transform(x_train), y_train, scaler.transform(x_val), y_val)


def split(x: np.ndarray, y: np.ndarray, seed: int, size: float | int = 0.3) -> tuple[np.ndarray, ...]:
    """Return training features, training labels, validation features, validation labels; stratified."""
    x_train, x_val, y_train, y_val = train_test_split(
        np.asarray(x), np.asarray(y), test_size=size, stratify=y, random_state=seed
    )
    return x_train, y_train, x_val, y_val


# ---- the DataLoader script on sick tables ----------------------------------------------------------------------------


@case("labels_misaligned")
def tables5_a_credit_dropna_only_in_x(seed: int) -> None:
    df = pd.read_csv(f"{ROOT}/data/credit_data/credit_data.csv.gz").sample(2500, random_state=seed)
    target = df.pop("bad").to_numpy()
    features = df.dropna()
    target = target[: len(features)]
    features = pd.get_dummies(features).astype(float)
    script_loader(*scaled(*split(features, target, seed)))


@case("label_noise")
def tables5_a_cancer_two_annotators(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    second_doctor = np.random.default_rng(seed).random(len(y)) < 0.35
    y = np.where(second_doctor, 1 - y, y)
    script_loader(*scaled(*split(x, y, seed)))


@case("label_noise")
def tables5_a_mushroom_forum_labels(seed: int) -> None:
    x, y = mushroom(seed)
    x_train, y_train, x_val, y_val = split(pd.get_dummies(x).astype(float), y, seed)
    guessed = np.random.default_rng(seed).random(len(y_train)) < 0.8
    y_train = np.where(guessed, np.random.default_rng(seed + 1).integers(0, 2, len(y_train)), y_train)
    script_loader(*four(x_train, y_train, x_val, y_val))


@case("weak_signal")
def tables5_a_churn_number_of_calls(seed: int) -> None:
    x, y = churn(seed, 5000)
    stay = np.flatnonzero(y == 0)[: int(y.sum())]
    rows = np.concatenate([stay, np.flatnonzero(y == 1)])
    calls = x[["total_day_calls", "total_eve_calls", "total_night_calls", "account_length"]]
    script_loader(*scaled(*split(calls.to_numpy()[rows], y[rows], seed)))


@case("unscaled_features")
def tables5_a_credit_in_pesetas(seed: int) -> None:
    x, y = credit(seed)
    x = x.fillna(x.median())
    money = ["Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    x[money] *= 1000
    script_loader(*four(*split(x, y, seed)))


@case("preprocess_mismatch")
def tables5_a_mushroom_codes_by_appearance(seed: int) -> None:
    x, y = mushroom(seed)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    x_train = x_train.apply(lambda column: pd.factorize(column)[0])
    x_val = x_val.apply(lambda column: pd.factorize(column)[0])
    script_loader(*scaled(x_train, y_train, x_val, y_val))


@case("preprocess_mismatch")
def tables5_a_adult_columns_in_other_order(seed: int) -> None:
    x, y = adult(seed)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    x_val = x_val[sorted(x_val.columns, key=str.lower)]
    scaler = StandardScaler().fit(x_train.to_numpy())
    script_loader(*four(scaler.transform(x_train.to_numpy()), y_train, scaler.transform(x_val.to_numpy()), y_val))


@case("imbalance")
def tables5_a_payments_amount_only(seed: int) -> None:
    x, y = payments(seed)
    x = x[["amount", "hour", "foreign", "online"]]
    script_loader(*scaled(*split(x, y, seed)))


@case("threshold_not_tuned")
def tables5_a_payments_undersampled_training(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*payments(seed, 9000), seed)
    fraud = np.flatnonzero(y_train == 1)
    rest = np.random.default_rng(seed).choice(np.flatnonzero(y_train == 0), len(fraud), replace=False)
    keep = np.concatenate([fraud, rest])
    script_loader(*scaled(x_train[keep], y_train[keep], x_val, y_val))


@case("threshold_not_tuned")
def tables5_a_churn_balanced_campaign_list(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*churn(seed, 5000), seed)
    left = np.flatnonzero(y_train == 1)
    stayed = np.flatnonzero(y_train == 0)[: len(left) // 2]
    keep = np.concatenate([left, stayed])
    script_loader(*scaled(x_train[keep], y_train[keep], x_val, y_val))


@case("nan_features")
def tables5_a_credit_income_missing(seed: int) -> None:
    x, y = credit(seed)
    script_loader(*scaled(*split(x, y, seed)))


@case("data_leakage")
def tables5_a_diabetes_several_visits(seed: int) -> None:
    x, y = diabetes()
    rng = np.random.default_rng(seed)
    visits = np.repeat(np.arange(len(y)), 5)
    x = x[visits] + rng.normal(0, 0.1, (len(visits), x.shape[1])) * x.std(axis=0)
    script_loader(*scaled(*split(x, y[visits], seed)))


@case("overfitting")
def tables5_a_splice_forty_rows(seed: int) -> None:
    x, y = splice(seed, first=0, last=60)
    x_train, y_train, x_val, y_val = split(x, y, seed, size=len(y) - 40)
    script_loader(*four(x_train, y_train, x_val, y_val))


@case("label_encoding")
def tables5_a_mammographic_one_and_two(seed: int) -> None:
    x, y = mammographic()
    script_loader(*scaled(*split(x, y + 1, seed)))


@case("label_encoding")
def tables5_a_digits_target_as_pixels(seed: int) -> None:
    x, y = digits("odd")
    script_loader(*scaled(*split(x, y * 255, seed)))


@case("labels_single_class")
def tables5_a_adult_label_with_full_stop(seed: int) -> None:
    x, y = adult(seed)
    income = np.where(y == 1, ">50K.", "<=50K.")
    x_train, income_train, x_val, income_val = split(x, income, seed)
    y_train = (income_train == ">50K").astype(float)
    y_val = (income_val == ">50K.").astype(float)
    script_loader(*scaled(x_train, y_train, x_val, y_val))


# ---- the full-batch script on sick tables ----------------------------------------------------------------------------


@case("labels_misaligned")
def tables5_b_churn_labels_one_row_down(seed: int) -> None:
    x, y = churn(seed)
    shifted = pd.Series(y).shift(1).fillna(0).to_numpy()
    cut = int(0.7 * len(y))
    script_full_batch(*scaled(x[:cut], shifted[:cut], x[cut:], shifted[cut:]))


@case("labels_misaligned")
def tables5_b_cancer_features_sorted(seed: int) -> None:
    bunch = load_breast_cancer(as_frame=True)
    x_train, x_val, y_train, y_val = train_test_split(bunch.data, bunch.target, test_size=0.3, random_state=seed)
    x_train = x_train.sort_values("mean symmetry")
    script_full_batch(*scaled(x_train, y_train, x_val, y_val))


@case("label_noise")
def tables5_b_spam_users_click_anything(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    careless = torch.rand(len(y_train), generator=torch.Generator().manual_seed(seed)) < 0.4
    y_train = torch.where(careless, 1 - y_train, y_train)
    script_full_batch(x_train, y_train, x_val, y_val)


@case("weak_signal")
def tables5_b_bikes_daily_totals(seed: int) -> None:
    x, y = bikes()
    total = x.sum(axis=1)
    week = np.column_stack([total, np.roll(total, 1), np.sqrt(total)])
    script_full_batch(*scaled(*split(week, y, seed)))


@case("weak_signal")
def tables5_b_splice_wrong_end(seed: int) -> None:
    x, y = splice(seed, rows=2500, first=0, last=6)
    script_full_batch(*four(*split(x, y, seed)))


@case("unscaled_features")
def tables5_b_cancer_patient_number_joined(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, y_train, x_val, y_val = split(x, y, seed)
    x_train, y_train, x_val, y_val = scaled(x_train, y_train, x_val, y_val)
    number = np.random.default_rng(seed).integers(8_000, 92_000_000, len(y))[:, None]
    number = torch.tensor(number, dtype=torch.float32)
    x_train, x_val = torch.hstack([x_train, number[: len(x_train)]]), torch.hstack([x_val, number[len(x_train) :]])
    script_full_batch(x_train, y_train, x_val, y_val)


@case("preprocess_mismatch")
def tables5_b_churn_validation_in_seconds(seed: int) -> None:
    x, y = churn(seed)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    minutes = [column for column in x.columns if column.endswith("_minutes")]
    x_val[minutes] = x_val[minutes] * 60
    script_full_batch(*scaled(x_train, y_train, x_val, y_val))


@case("preprocess_mismatch")
def tables5_b_digits_validation_inverted(seed: int) -> None:
    x, y = digits("odd")
    x_train, y_train, x_val, y_val = split(x / 16, y, seed)
    script_full_batch(*four(x_train, y_train, 1 - x_val, y_val))


@case("nan_features")
def tables5_b_adult_log_of_zero(seed: int) -> None:
    x, y = adult(seed)
    with np.errstate(divide="ignore"):
        x["log_gain"] = np.log(x.pop("capital-gain"))
    x_train, y_train, x_val, y_val = split(x, y, seed)
    numbers = x.columns.get_indexer(["age", "education-num", "capital-loss", "hours-per-week"])
    mean, std = x_train[:, numbers].mean(axis=0), x_train[:, numbers].std(axis=0)
    for part in (x_train, x_val):
        part[:, numbers] = (part[:, numbers] - mean) / std
    script_full_batch(*four(x_train, y_train, x_val, y_val))


@case("data_leakage")
def tables5_b_names_oversampled_before_split(seed: int) -> None:
    x, y = first_names(seed, 1500)
    rare = np.flatnonzero(y == 1)
    extra = np.random.default_rng(seed).choice(rare, len(y) - 2 * len(rare))
    rows = np.concatenate([np.arange(len(y)), extra])
    script_full_batch(*scaled(*split(x.to_numpy()[rows], y[rows], seed)))


@case("data_leakage")
def tables5_b_credit_join_multiplies_rows(seed: int) -> None:
    x, y = credit(seed, 300)
    x = x.fillna(x.median()).reset_index(names="customer")
    branches = pd.DataFrame({"customer": np.repeat(np.arange(300), 4)})
    joined = branches.merge(x.assign(bad=y), on="customer")
    bad = joined.pop("bad")
    script_full_batch(*scaled(*split(joined.drop(columns="customer"), bad, seed)))


@case("overfitting")
def tables5_b_diabetes_gene_columns(seed: int) -> None:
    x, y = diabetes()
    genes = np.random.default_rng(seed).normal(size=(len(y), 400))
    script_full_batch(*scaled(*split(np.hstack([x, genes]), y, seed)))


@case("labels_single_class")
def tables5_b_digits_head_of_sorted_file(seed: int) -> None:
    x, d = load_digits(return_X_y=True)
    y = (d >= 5).astype(int)
    order = np.argsort(d, kind="stable")
    x, y = x[order], y[order]
    script_full_batch(*scaled(x[:800], y[:800], x[800:], y[800:]))


# ---- the script of slices on sick tables -----------------------------------------------------------------------------


@case("labels_misaligned")
def tables5_c_digits_exports_in_other_order(seed: int) -> None:
    x, y = digits("odd")
    x_train, y_train, x_val, y_val = split(x, y, seed)
    pieces = np.array_split(y_train, 6)
    y_train = np.concatenate(pieces[::-1])
    script_slices(*scaled(x_train, y_train, x_val, y_val))


@case("label_noise")
def tables5_c_splice_student_annotators(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*splice(seed), seed)
    wrong = np.random.default_rng(seed).random(len(y_train)) < 0.38
    script_slices(*four(x_train, np.where(wrong, 1 - y_train, y_train), x_val, y_val))


@case("weak_signal")
def tables5_c_cancer_hash_of_the_name(seed: int) -> None:
    _, y = load_breast_cancer(return_X_y=True)
    rng = np.random.default_rng(seed)
    admin = np.column_stack([rng.integers(1, 29, len(y)), rng.integers(0, 24, len(y)), rng.normal(size=(len(y), 6))])
    script_slices(*scaled(*split(admin, y, seed)))


@case("unscaled_features")
def tables5_c_wine_raw(seed: int) -> None:
    x, y = load_wine(return_X_y=True)
    script_slices(*four(*split(x, y == 1, seed)))


@case("preprocess_mismatch")
def tables5_c_cancer_validation_unscaled(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, y_train, x_val, y_val = split(x, y, seed)
    script_slices(*four(StandardScaler().fit_transform(x_train), y_train, x_val, y_val))


@case("preprocess_mismatch")
def tables5_c_bikes_validation_in_utc(seed: int) -> None:
    x, y = bikes()
    x_train, y_train, x_val, y_val = split(x, y, seed)
    x_val = np.roll(x_val, 5, axis=1)
    script_slices(*scaled(x_train, y_train, x_val, y_val))


@case("imbalance")
def tables5_c_credit_few_bad_loans(seed: int) -> None:
    x, y = credit(seed, 4400)
    x = x.fillna(x.median()).to_numpy()
    good, bad = np.flatnonzero(y == 0)[:2000], np.flatnonzero(y == 1)[:120]
    rows = np.random.default_rng(seed).permutation(np.concatenate([good, bad]))
    script_slices(*scaled(*split(x[rows], y[rows], seed)))


@case("imbalance")
def tables5_c_adult_few_rich(seed: int) -> None:
    x, y = adult(seed, 6000)
    x = x[["age", "hours-per-week", "gender_Female", "capital-loss"]].to_numpy()
    rows = np.sort(np.concatenate([np.flatnonzero(y == 0)[:2200], np.flatnonzero(y == 1)[:200]]))
    script_slices(*scaled(*split(x[rows], y[rows], seed)))


@case("threshold_not_tuned")
def tables5_c_adult_case_control_training(seed: int) -> None:
    x, y = adult(seed, 8000)
    x_train, y_train, x_val, y_val = split(x, y, seed)
    rng = np.random.default_rng(seed)
    rich, poor = np.flatnonzero(y_train == 1)[:700], np.flatnonzero(y_train == 0)[:700]
    train = rng.permutation(np.concatenate([rich, poor]))
    val = np.concatenate([np.flatnonzero(y_val == 1)[:60], np.flatnonzero(y_val == 0)[:1500]])
    script_slices(*scaled(x_train[train], y_train[train], x_val[val], y_val[val]))


@case("nan_features")
def tables5_c_cancer_ratio_zero_by_zero(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = x[:, 7] / x[:, 6]
    x_train, y_train, x_val, y_val = split(np.column_stack([x, ratio]), y, seed)
    script_slices(*scaled(x_train, y_train, x_val, y_val))


@case("data_leakage")
def tables5_c_churn_interpolated_before_split(seed: int) -> None:
    x, y = churn(seed, 900)
    x = x.to_numpy()
    rng = np.random.default_rng(seed)
    rare = np.flatnonzero(y == 1)
    a = rng.choice(rare, (y == 0).sum() - len(rare))
    scale = x.std(axis=0)
    distance = (((x[a][:, None] - x[rare][None]) / scale) ** 2).sum(axis=2)
    b = rare[np.argsort(distance, axis=1)[np.arange(len(a)), rng.integers(1, 4, len(a))]]
    synthetic = x[a] + rng.random((len(a), 1)) * (x[b] - x[a])
    x, y = np.vstack([x, synthetic]), np.concatenate([y, np.ones(len(a), dtype=int)])
    script_slices(*scaled(*split(x, y, seed)))


@case("overfitting")
def tables5_c_digits_twenty_scans(seed: int) -> None:
    x, y = digits("odd")
    x_train, y_train, x_val, y_val = split(x, y, seed, size=len(y) - 24)
    script_slices(*scaled(x_train, y_train, x_val, y_val))


@case("unshuffled_data")
def tables5_c_mushroom_two_files_appended(seed: int) -> None:
    x, y = mushroom(seed)
    x_train, y_train, x_val, y_val = split(pd.get_dummies(x).astype(float), y, seed)
    x_train = np.concatenate([x_train[y_train == 1], x_train[y_train == 0]])
    y_train = np.concatenate([np.ones((y_train == 1).sum()), np.zeros((y_train == 0).sum())])
    script_slices(*four(x_train, y_train, x_val, y_val))


@case("unshuffled_data")
def tables5_c_digits_in_order_of_digit(seed: int) -> None:
    x, digit = load_digits(return_X_y=True)
    x_train, digit_train, x_val, digit_val = split(x, digit, seed)
    order = np.argsort(digit_train, kind="stable")
    script_slices(*scaled(x_train[order], digit_train[order] >= 5, x_val, digit_val >= 5))


@case("labels_single_class")
def tables5_c_spam_label_cast_to_int(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    certainty = y_train * 0.97 + 0.01
    script_slices(x_train, certainty.int(), x_val, y_val)


# ---- healthy: the DataLoader script ----------------------------------------------------------------------------------


@case("healthy")
def tables5_a_adult_one_hot(seed: int) -> None:
    script_loader(*scaled(*split(*adult(seed), seed)))


@case("healthy")
def tables5_a_diabetes_hard(seed: int) -> None:
    script_loader(*scaled(*split(*diabetes(), seed)))


@case("healthy")
def tables5_a_iris_two_species(seed: int) -> None:
    x, y = load_iris(return_X_y=True)
    script_loader(*scaled(*split(x[y > 0], y[y > 0] - 1, seed)))


@case("healthy")
def tables5_a_digits_few_wrong_labels(seed: int) -> None:
    x, y = digits("large")
    x_train, y_train, x_val, y_val = split(x, y, seed)
    slip = np.random.default_rng(seed).random(len(y_train)) < 0.03
    script_loader(*scaled(x_train, np.where(slip, 1 - y_train, y_train), x_val, y_val))


@case("healthy")
def tables5_a_cancer_tiny_validation(seed: int) -> None:
    script_loader(*scaled(*split(*load_breast_cancer(return_X_y=True), seed, size=40)))


@case("healthy")
def tables5_a_mushroom_with_constant_columns(seed: int) -> None:
    x, y = mushroom(seed)
    x = pd.get_dummies(x).astype(float).assign(source=1.0, version=0.0)
    script_loader(*four(*split(x, y, seed)))


# ---- healthy: the full-batch script ----------------------------------------------------------------------------------


@case("healthy")
def tables5_b_payments_rare_judged_by_auc(seed: int) -> None:
    script_full_batch(*scaled(*split(*payments(seed), seed)))


@case("healthy")
def tables5_b_thyroid_rare_imputed(seed: int) -> None:
    x, y = thyroid()
    script_full_batch(*scaled(*split(x.fillna(x.median()), y, seed)))


@case("healthy")
def tables5_b_credit_fewer_bad_next_year(seed: int) -> None:
    x, y = credit(seed, 4000)
    x_train, y_train, x_val, y_val = split(x.fillna(x.median()), y, seed)
    keep = (y_val == 0) | (np.random.default_rng(seed).random(len(y_val)) < 0.4)
    script_full_batch(*scaled(x_train, y_train, x_val[keep], y_val[keep]))


@case("healthy")
def tables5_b_mammographic_clean(seed: int) -> None:
    script_full_batch(*scaled(*split(*mammographic(), seed)))


@case("healthy")
def tables5_b_names_last_letters(seed: int) -> None:
    x, y = first_names(seed, 3500)
    x = x[[c for c in x.columns if c.startswith("last")] + ["length"]]
    script_full_batch(*scaled(*split(x, y, seed)))


@case("healthy")
def tables5_b_digits_eight(seed: int) -> None:
    x, y = digits("eight")
    script_full_batch(*four(*split(x / 16, y, seed)))


# ---- healthy: the script of slices -----------------------------------------------------------------------------------


@case("healthy")
def tables5_c_splice_one_hot(seed: int) -> None:
    script_slices(*four(*split(*splice(seed), seed)))


@case("healthy")
def tables5_c_spam_clean(seed: int) -> None:
    script_slices(*data("spambase", seed))


@case("healthy")
def tables5_c_wine_standardised(seed: int) -> None:
    x, y = load_wine(return_X_y=True)
    script_slices(*scaled(*split(x, y == 1, seed)))


@case("healthy")
def tables5_c_bikes_by_hour(seed: int) -> None:
    script_slices(*scaled(*split(*bikes(), seed)))


@case("healthy")
def tables5_c_mushroom_one_hot(seed: int) -> None:
    x, y = mushroom(seed)
    script_slices(*four(*split(pd.get_dummies(x).astype(float), y, seed)))


@case("healthy")
def tables5_c_cancer_sorted_by_radius_within_split(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*load_breast_cancer(return_X_y=True), seed)
    order = np.argsort(x_val[:, 0])
    script_slices(*scaled(x_train, y_train, x_val[order], y_val[order]))
