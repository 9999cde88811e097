"""Five people's training scripts, unchanged, on many tables: what differs from case to case is the data alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from case import case, data
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

FOLDER = Path(__file__).parents[2] / "data"
CREDIT = ["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
LAB = ["age", "TSH", "T3", "TT4", "T4U", "FTI"]

Table = tuple[Tensor, Tensor, Tensor, Tensor]
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


# ---------------------------------------------------------------------------------------------------- the five scripts


def train_anna(x_train: Tensor, y_train: Tensor, x_val: Tensor, y_val: Tensor) -> nn.Module:
    """Data loader, one logit, Adam; prints the accuracy."""
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(25):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            predicted = (model(x_val).squeeze(1) > 0).float()
            accuracy = (predicted == y_val).float().mean().item()
    print(f"val accuracy {accuracy:.3f}")
    return model


class BorisNet(nn.Module):
    def __init__(self, columns: int, hidden: int = 32, dropout: float = 0.3) -> None:
        super().__init__()
        self.first = nn.Linear(columns, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dropout(F.relu(self.first(x)))
        x = self.dropout(F.relu(self.second(x)))
        return self.out(x)


def train_boris(x_train: Tensor, y_train: Tensor, x_val: Tensor, y_val: Tensor) -> nn.Module:
    """Scales by itself, dropout and weight decay; prints the AUC."""
    mean, std = x_train.mean(0), x_train.std(0).clamp(min=1e-6)
    x_train, x_val = (x_train - mean) / std, (x_val - mean) / std
    net = BorisNet(x_train.shape[1])
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    batches = DataLoader(TensorDataset(x_train, y_train.unsqueeze(1)), batch_size=64, shuffle=True)
    for _ in range(30):
        net.train()
        for features, target in batches:
            loss = F.binary_cross_entropy_with_logits(net(features), target)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        probability = torch.sigmoid(net(x_val)).squeeze(1)
    print("AUC", round(roc_auc_score(y_val.numpy(), probability.numpy()), 3))
    return net


def train_chen(X: Tensor, y: Tensor, X_test: Tensor, y_test: Tensor) -> nn.Module:
    """Random batches, two outputs and cross-entropy, SGD with momentum; prints the accuracy."""
    y, y_test = y.long(), y_test.long()
    model = nn.Sequential(nn.Linear(X.shape[1], 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(8):
        for _ in range(100):
            rows = torch.randint(0, len(X), (64,))
            optimizer.zero_grad()
            F.cross_entropy(model(X[rows]), y[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            hits = (model(X_test).argmax(dim=1) == y_test).float().mean()
        if epoch == 7:
            print(f"epoch {epoch}: accuracy {hits.item():.3f}")
    return model


def train_dora(features: Tensor, labels: Tensor, val_features: Tensor, val_labels: Tensor) -> nn.Module:
    """Small batches in the order of the table, tanh, sigmoid and BCELoss; prints the balanced accuracy."""
    network = nn.Sequential(
        nn.Linear(features.shape[1], 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1), nn.Sigmoid()
    )
    loss_function = nn.BCELoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(15):
        for batch, target in zip(features.split(8), labels.split(8), strict=True):
            loss = loss_function(network(batch).flatten(), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        guess = network(val_features).flatten() >= 0.5
    print("balanced accuracy:", round(balanced_accuracy_score(val_labels.numpy(), guess.numpy()), 3))
    return network


def train_emil(xt: Tensor, yt: Tensor, xv: Tensor, yv: Tensor) -> nn.Module:
    """The whole table in each step, a small network with weight decay; prints AUC and recall."""
    model = nn.Sequential(nn.Linear(xt.shape[1], 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=0.03)
    bce = nn.BCEWithLogitsLoss()
    for _step in range(400):
        optimizer.zero_grad()
        loss = bce(model(xt)[:, 0], yt)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        score = model(xv)[:, 0]
    top = yv == yv.max()
    recall = (score[top] > 0).float().mean()
    print(f"auc {roc_auc_score(yv, score):.3f} recall {recall:.3f}")
    return model


# ----------------------------------------------------------------------------------------------------------- the tables


def tensors(*arrays: np.ndarray) -> Table:
    return tuple(torch.from_numpy(np.ascontiguousarray(a)).float() for a in arrays)


def numbers(name: str, seed: int, raw: bool = True) -> Arrays:
    return tuple(part.numpy().astype(np.float64) for part in data(name, seed, raw=raw))


def halves(x: np.ndarray, y: np.ndarray, seed: int, share: float = 0.25) -> Arrays:
    a, c, b, d = train_test_split(x, y, test_size=share, random_state=seed, stratify=y)
    return a, b, c, d


def scaled(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> Table:
    scaler = StandardScaler().fit(a)
    return tensors(scaler.transform(a), b, scaler.transform(c), d)


def cancer() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_breast_cancer(return_X_y=True)
    return x, 1 - y


def wine() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_wine(return_X_y=True)
    return x, (y == 1).astype(int)


def digits(low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = load_digits(return_X_y=True)
    keep = (y == low) | (y == high)
    return x[keep], (y[keep] == high).astype(int)


def odd_digits() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_digits(return_X_y=True)
    return x, y % 2


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_diabetes(return_X_y=True, scaled=False)
    return x, (y > np.median(y)).astype(int)


def credit(seed: int, rows: int = 1600) -> pd.DataFrame:
    return pd.read_csv(f"{FOLDER}/credit_data/credit_data.csv.gz").sample(rows, random_state=seed, ignore_index=True)


def thyroid(seed: int, rows: int = 1800) -> pd.DataFrame:
    table = pd.read_csv(f"{FOLDER}/hypothyroid/hypothyroid.csv.gz")
    return table.sample(rows, random_state=seed, ignore_index=True)


def churn(seed: int, rows: int = 1800) -> pd.DataFrame:
    return pd.read_csv(f"{FOLDER}/mlc_churn/mlc_churn.csv.gz").sample(rows, random_state=seed, ignore_index=True)


def messages(seed: int, rows: int = 1600) -> pd.DataFrame:
    table = pd.read_csv(f"{FOLDER}/sms_spam/sms_spam.csv.gz")
    table["spam"] = (table["label"] == "spam").astype(int)
    return table.sample(rows, random_state=seed, ignore_index=True)


def words(texts: pd.Series, seen: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    counter = CountVectorizer(max_features=150, binary=True).fit(texts)
    return counter.transform(texts).toarray().astype(float), counter.transform(seen).toarray().astype(float)


def flip(y: np.ndarray, share: float, seed: int) -> np.ndarray:
    wrong = np.random.default_rng(seed + 50).random(len(y)) < share
    return np.where(wrong, 1 - y, y)


# ----------------------------------------------------------------------------------------------- labels of other rows


@case("labels_misaligned")
def t3_credit_label_column_sorted_alone(seed: int) -> None:
    table = credit(seed)
    table["bad"] = table["bad"].sort_values().to_numpy()
    x = table[CREDIT].fillna(table[CREDIT].median()).to_numpy()
    train_anna(*scaled(*halves(x, table["bad"].to_numpy(), seed)))


@case("labels_misaligned")
def t3_spam_off_by_one_in_train(seed: int) -> None:
    a, b, c, d = numbers("spambase", seed)
    labels = np.concatenate([[0.0], b])[: len(a)]
    train_boris(*tensors(a, labels, c, d))


@case("labels_misaligned")
def t3_cancer_joined_after_a_sort(seed: int) -> None:
    x, y = cancer()
    frame = pd.DataFrame(x).sample(frac=1, random_state=seed).sort_values(0).reset_index(drop=True)
    joined = frame.join(pd.Series(y, name="malignant"))
    train_chen(*scaled(*halves(joined.drop(columns="malignant").to_numpy(), joined["malignant"].to_numpy(), seed)))


@case("labels_misaligned")
def t3_churn_labels_of_another_export(seed: int) -> None:
    a, b, c, d = numbers("mlc_churn", seed)
    other = churn(seed + 100, len(b))["churn"].to_numpy()
    train_boris(*tensors(a, other, c, d))


@case("labels_misaligned")
def t3_odd_digits_second_export_shifted(seed: int) -> None:
    x, y = odd_digits()
    a, b, c, d = halves(x, y, seed)
    start = len(b) // 4
    b[start:] = np.roll(b[start:], 1)
    train_anna(*scaled(a, b, c, d))


@case("labels_misaligned")
def t3_thyroid_features_shuffled_labels_not(seed: int) -> None:
    table = thyroid(seed)
    labels = table["hypothyroid"].to_numpy()
    features = table[LAB].fillna(table[LAB].median()).sample(frac=1, random_state=seed).to_numpy()
    train_boris(*tensors(*halves(features, labels, seed)))


@case("labels_misaligned")
def t3_moons_labels_back_to_front(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    train_chen(x_train, y_train.flip(0), x_val, y_val)


@case("labels_misaligned")
def t3_messages_short_ones_dropped_from_texts_only(seed: int) -> None:
    table = messages(seed)
    long = table.loc[table["text"].str.len() > 20, "text"].reset_index(drop=True)
    labels = table["spam"].to_numpy()[: len(long)]
    a, c = words(long[:1100], long[1100:])
    train_emil(*tensors(a, labels[:1100], c, labels[1100:]))


@case("labels_misaligned")
def t3_clouds_labels_of_a_second_pass_of_the_loader(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=100, shuffle=True)
    features = torch.cat([xb for xb, _ in loader])
    labels = torch.cat([yb for _, yb in loader])
    train_dora(features, labels, x_val, y_val)


# ------------------------------------------------------------------------------------------------------ wrong labels


@case("label_noise")
def t3_spam_a_third_of_all_flipped(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    noisy = torch.from_numpy(flip(y_train.numpy(), 0.35, seed))
    train_anna(x_train, noisy, x_val, y_val)


@case("label_noise")
def t3_odd_digits_careless_crowd(seed: int) -> None:
    x, y = odd_digits()
    votes = np.stack([flip(y, 0.33, seed + k) for k in (0, 1, 2)]).sum(axis=0)
    train_chen(*scaled(*halves(x, (votes >= 2).astype(int), seed)))


@case("label_noise")
def t3_cancer_half_of_the_malignant_missed(seed: int) -> None:
    a, b, c, d = halves(*cancer(), seed)
    missed = np.random.default_rng(seed).random(len(b)) < 0.5
    train_emil(*scaled(a, np.where(missed, 0, b), c, d))


@case("label_noise")
def t3_clouds_thirty_in_hundred_everywhere(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    noisy = [torch.from_numpy(flip(y.numpy(), 0.3, seed + k)) for k, y in enumerate((y_train, y_val))]
    train_dora(x_train, noisy[0], x_val, noisy[1])


@case("label_noise")
def t3_moons_one_region_coded_by_a_novice(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    novice = (x_train[:, 0] > -0.3) & (torch.rand(len(x_train)) < 0.45)
    train_anna(x_train, torch.where(novice, 1 - y_train, y_train), x_val, y_val)


@case("label_noise")
def t3_messages_labelled_by_keywords(seed: int) -> None:
    table = messages(seed, 1800)
    a, c = words(table["text"][:1200], table["text"][1200:])
    rule = table["text"].str.contains("free|win|please|call|sorry", case=False).astype(int).to_numpy()
    train_boris(*tensors(a, rule[:1200], c, table["spam"].to_numpy()[1200:]))


@case("label_noise")
def t3_circles_outer_ring_often_called_inner(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    wrong = (y_train == 0) & (torch.rand(len(y_train)) < 0.45)
    train_anna(x_train, torch.where(wrong, 1.0, y_train), x_val, y_val)


@case("label_noise")
def t3_digits_one_clerk_guessed(seed: int) -> None:
    a, b, c, d = halves(*digits(3, 8), seed, 0.4)
    rng = np.random.default_rng(seed)
    clerk = rng.random(len(b)) < 0.6
    train_chen(*scaled(a, np.where(clerk, rng.integers(0, 2, len(b)), b), c, d))


# ---------------------------------------------------------------------------------------------- hardly anything there


@case("weak_signal")
def t3_churn_only_call_counts(seed: int) -> None:
    table = churn(seed)
    columns = ["account_length", "total_day_calls", "total_eve_calls", "total_night_calls"]
    train_boris(*tensors(*halves(table[columns].to_numpy(float), table["churn"].to_numpy(), seed)))


@case("weak_signal")
def t3_churn_area_code_as_label(seed: int) -> None:
    table = churn(seed)
    y = (table["area_code"] == "area_code_415").astype(int).to_numpy()
    x = table.drop(columns=["state", "area_code"]).select_dtypes("number").to_numpy(float)
    train_emil(*scaled(*halves(x, y, seed)))


@case("weak_signal")
def t3_cancer_even_sample_number_as_label(seed: int) -> None:
    x, _ = cancer()
    y = np.random.default_rng(seed).permutation(len(x)) % 2
    train_dora(*scaled(*halves(x, y, seed)))


@case("weak_signal")
def t3_sensor_of_another_machine(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 900)
    train_anna(*scaled(*halves(rng.normal(size=(900, 12)).cumsum(axis=1), y, seed)))


@case("weak_signal")
def t3_shop_visitors_tiny_shift(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 1400)
    x = rng.normal(size=(1400, 10))
    x[:, 0] += 0.2 * y
    train_emil(*scaled(*halves(x, y, seed)))


@case("weak_signal")
def t3_spam_import_filled_most_with_the_mean(seed: int) -> None:
    a, b, c, d = numbers("spambase", seed)
    rest = [33, 38, 46, 48]
    mean = a.mean(axis=0)
    broken_a, broken_c = np.tile(mean, (len(a), 1)), np.tile(mean, (len(c), 1))
    broken_a[:, rest], broken_c[:, rest] = a[:, rest], c[:, rest]
    train_boris(*tensors(broken_a, b, broken_c, d))


@case("weak_signal")
def t3_diabetes_by_age_and_sex(seed: int) -> None:
    x, y = diabetes()
    train_emil(*scaled(*halves(x[:, :2], y, seed)))


@case("weak_signal")
def t3_credit_flags_of_the_form(seed: int) -> None:
    table = credit(seed)
    x = pd.DataFrame({"time": table["Time"], "expenses": table["Expenses"], "even": table["Amount"] % 200 == 0})
    train_chen(*scaled(*halves(x.to_numpy(float), table["bad"].to_numpy(), seed)))


# ------------------------------------------------------------------------------------------- the answer in the table


@case("data_leakage")
def t3_credit_label_left_among_features(seed: int) -> None:
    table = credit(seed)
    x = table.select_dtypes("number").fillna(0.0).to_numpy(float)
    train_anna(*scaled(*halves(x, table["bad"].to_numpy(), seed)))


@case("data_leakage")
def t3_churn_retention_call_afterwards(seed: int) -> None:
    table = churn(seed)
    rng = np.random.default_rng(seed)
    by_chance = rng.random(len(table)) < 0.02
    table["farewell_call"] = np.where(table["churn"] == 1, rng.poisson(3, len(table)) + 1, by_chance)
    x = table.select_dtypes("number").drop(columns="churn").to_numpy(float)
    train_boris(*tensors(*halves(x, table["churn"].to_numpy(), seed)))


@case("data_leakage")
def t3_credit_days_overdue_at_the_end(seed: int) -> None:
    table = credit(seed)
    late = np.random.default_rng(seed).exponential(40, len(table))
    table["overdue"] = np.where(table["bad"] == 1, late, 0.05 * late)
    x = table[[*CREDIT, "overdue"]].fillna(table[CREDIT].median()).to_numpy(float)
    train_dora(*scaled(*halves(x, table["bad"].to_numpy(), seed)))


@case("data_leakage")
def t3_credit_target_encoding_of_price_before_split(seed: int) -> None:
    table = credit(seed)
    table["price_code"] = table.groupby("Price")["bad"].transform("mean")
    x = table[[*CREDIT, "price_code"]].fillna(table[CREDIT].median()).to_numpy(float)
    train_emil(*scaled(*halves(x, table["bad"].to_numpy(), seed)))


@case("data_leakage")
def t3_credit_target_encoding_of_its_own_rows(seed: int) -> None:
    table = credit(seed)
    table = table.fillna({name: table[name].median() for name in CREDIT})
    key = table["Price"].astype(str) + "/" + table["Age"].astype(str)
    rate = table["bad"][:1200].groupby(key[:1200]).mean()
    table["rate"] = key.map(rate).fillna(table["bad"][:1200].mean())
    x, y = table[[*CREDIT, "rate"]].to_numpy(float), table["bad"].to_numpy()
    train_anna(*scaled(x[:1200], y[:1200], x[1200:], y[1200:]))


@case("data_leakage")
def t3_churn_oversampled_before_split(seed: int) -> None:
    table = churn(seed, 900)
    bad = table[table["churn"] == 1]
    table = pd.concat([table] + 5 * [bad], ignore_index=True)
    x = pd.get_dummies(table.drop(columns="churn")).to_numpy(float)
    train_chen(*scaled(*halves(x, table["churn"].to_numpy(), seed)))


@case("data_leakage")
def t3_credit_synthetic_neighbours_before_split(seed: int) -> None:
    table = credit(seed, 700)
    x = StandardScaler().fit_transform(table[CREDIT].fillna(table[CREDIT].median()))
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 0.1, (5, *x.shape))
    x, y = np.concatenate([x, *(x + noise)]), np.tile(table["bad"].to_numpy(), 6)
    rows = rng.permutation(len(x))[:2000]
    train_chen(*scaled(*halves(x[rows], y[rows], seed)))


@case("data_leakage")
def t3_diabetes_join_multiplied_the_rows(seed: int) -> None:
    x, y = diabetes()
    table = pd.DataFrame(x).assign(patient=np.arange(len(x)), ill=y)
    visits = pd.DataFrame({"patient": np.repeat(np.arange(len(x)), 4)})
    joined = table.merge(visits, on="patient").drop(columns="patient")
    train_chen(*scaled(*halves(joined.drop(columns="ill").to_numpy(), joined["ill"].to_numpy(), seed)))


@case("data_leakage")
def t3_same_patients_on_both_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    person = rng.normal(size=(70, 16))
    ill = (person[:, 0] + 1.5 * rng.normal(size=70) > 0).astype(int)
    who = np.repeat(np.arange(70), 14)
    x = person[who] + 0.3 * rng.normal(size=(len(who), 16))
    train_chen(*scaled(*halves(x, ill[who], seed)))


@case("data_leakage")
def t3_diabetes_trained_on_the_whole_file(seed: int) -> None:
    a, b, c, d = halves(*diabetes(), seed, 0.35)
    train_chen(*scaled(np.concatenate([a, c]), np.concatenate([b, d]), c, d))


# --------------------------------------------------------------------------------------- validation prepared otherwise


@case("preprocess_mismatch")
def t3_cancer_validation_never_scaled(seed: int) -> None:
    a, b, c, d = halves(*cancer(), seed)
    train_anna(*tensors(StandardScaler().fit_transform(a), b, c, d))


@case("preprocess_mismatch")
def t3_cancer_sick_ward_with_its_own_scaler(seed: int) -> None:
    a, b, c, d = halves(*cancer(), seed, 0.4)
    ward = np.concatenate([np.flatnonzero(d == 1), np.flatnonzero(d == 0)[:12]])
    train_chen(*tensors(StandardScaler().fit_transform(a), b, StandardScaler().fit_transform(c[ward]), d[ward]))


@case("preprocess_mismatch")
def t3_cancer_other_clinic_measures_in_inches(seed: int) -> None:
    a, b, c, d = halves(*cancer(), seed)
    lengths = [0, 2, 3, 10, 12, 13, 20, 22, 23]
    c[:, lengths] /= 2.54
    train_chen(*scaled(a, b, c, d))


@case("preprocess_mismatch")
def t3_spam_validation_columns_by_alphabet(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    names = pd.read_csv(f"{FOLDER}/spambase/spambase.csv.gz", nrows=1).columns[:-1]
    train_anna(x_train, y_train, x_val[:, np.argsort(names)], y_val)


@case("preprocess_mismatch")
def t3_spam_logarithm_in_training_only(seed: int) -> None:
    a, b, c, d = numbers("spambase", seed)
    train_boris(*tensors(np.log1p(a), b, c, d))


@case("preprocess_mismatch")
def t3_digits_validation_scaled_to_unit_range(seed: int) -> None:
    a, b, c, d = halves(*odd_digits(), seed)
    train_chen(*tensors(StandardScaler().fit_transform(a), b, MinMaxScaler().fit(a).transform(c), d))


@case("preprocess_mismatch")
def t3_messages_validation_with_its_own_dictionary(seed: int) -> None:
    table = messages(seed)
    texts, y = table["text"], table["spam"].to_numpy()
    a, _ = words(texts[:1200], texts[1200:])
    c, _ = words(texts[1200:], texts[:1200])
    train_anna(*tensors(a, y[:1200], c, y[1200:]))


@case("preprocess_mismatch")
def t3_wine_validation_scaled_twice(seed: int) -> None:
    a, b, c, d = halves(*wine(), seed, 0.4)
    scaler = StandardScaler().fit(a)
    train_emil(*tensors(scaler.transform(a), b, scaler.transform(scaler.transform(c)), d))


# --------------------------------------------------------------------------------------------------- raw scales of it


@case("unscaled_features")
def t3_cancer_as_it_comes(seed: int) -> None:
    train_dora(*tensors(*halves(*cancer(), seed)))


@case("unscaled_features")
def t3_wine_as_it_comes(seed: int) -> None:
    train_chen(*tensors(*halves(*wine(), seed)))


@case("unscaled_features")
def t3_diabetes_as_it_comes(seed: int) -> None:
    train_dora(*tensors(*halves(*diabetes(), seed)))


@case("unscaled_features")
def t3_moons_with_income_in_cents(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    factor = torch.tensor([1.0, 250_000.0])
    train_anna(x_train * factor, y_train, x_val * factor, y_val)


@case("unscaled_features")
def t3_spam_with_a_time_stamp(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    sent = [1.6e9 + 3e7 * torch.rand(len(x), 1) for x in (x_train, x_val)]
    train_anna(torch.cat([x_train, sent[0]], dim=1), y_train, torch.cat([x_val, sent[1]], dim=1), y_val)


@case("unscaled_features")
def t3_houses_with_heavy_tailed_prices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.lognormal([12, 10, 8, 6], [1.0, 1.5, 1.2, 1.0], (1000, 4))
    score = np.log(x) @ np.array([1.0, -0.8, 0.7, 0.5]) + 0.5 * rng.normal(size=1000)
    train_anna(*tensors(*halves(x, (score > np.median(score)).astype(int), seed)))


@case("unscaled_features")
def t3_thyroid_missing_coded_as_9999(seed: int) -> None:
    table = thyroid(seed)
    a, b, c, d = halves(table[LAB].to_numpy(float), table["hypothyroid"].to_numpy(), seed)
    mean, std = np.nanmean(a, axis=0), np.nanstd(a, axis=0)
    train_anna(*tensors(np.nan_to_num((a - mean) / std, nan=-9999), b, np.nan_to_num((c - mean) / std, nan=-9999), d))


@case("unscaled_features")
def t3_clouds_as_counter_readings(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    train_dora(50_000 + 300 * x_train, y_train, 50_000 + 300 * x_val, y_val)


@case("unscaled_features")
def t3_circles_in_kilometres(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    train_chen(x_train * 1e-3, y_train, x_val * 1e-3, y_val)


# ------------------------------------------------------------------------------------------------------- holes in it


@case("nan_features")
def t3_thyroid_lab_values_as_they_are(seed: int) -> None:
    table = thyroid(seed)
    train_anna(*scaled(*halves(table[LAB].to_numpy(float), table["hypothyroid"].to_numpy(), seed)))


@case("nan_features")
def t3_spam_left_join_without_partner(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    x_train[torch.randperm(len(x_train))[:9], 55:] = torch.nan
    train_chen(x_train, y_train, x_val, y_val)


@case("nan_features")
def t3_credit_constant_column_divided_by_zero(seed: int) -> None:
    a, b, c, d = numbers("credit_data", seed)
    a[:, 18], c[:, 18] = 0.0, 0.0
    with np.errstate(invalid="ignore"):
        train_anna(*tensors((a - a.mean(axis=0)) / a.std(axis=0), b, (c - a.mean(axis=0)) / a.std(axis=0), d))


@case("nan_features")
def t3_wine_ratio_of_two_zeros(seed: int) -> None:
    a, b, c, d = halves(*wine(), seed, 0.4)
    part = np.random.default_rng(seed).poisson(0.8, (2, len(a)))
    with np.errstate(invalid="ignore"):
        ratio = np.minimum(part[0] / part[1], 3.0)
    train_chen(*scaled(np.column_stack([a, ratio]), b, np.column_stack([c, np.ones(len(c))]), d))


# --------------------------------------------------------------------------------------------------- codes of labels


@case("label_encoding")
def t3_diabetes_labels_one_and_two(seed: int) -> None:
    x, y = diabetes()
    train_anna(*scaled(*halves(x, y + 1, seed)))


@case("label_encoding")
def t3_cancer_labels_minus_and_plus_one(seed: int) -> None:
    x, y = cancer()
    train_anna(*scaled(*halves(x, 2 * y - 1, seed)))


@case("label_encoding")
def t3_odd_digits_labels_in_percent(seed: int) -> None:
    x, y = odd_digits()
    train_anna(*scaled(*halves(x, 100 * y, seed)))


@case("label_encoding")
def t3_credit_labels_of_the_old_bank_file(seed: int) -> None:
    table = credit(seed)
    x = table[CREDIT].fillna(table[CREDIT].median()).to_numpy()
    train_emil(*scaled(*halves(x, 2 - table["bad"].to_numpy(), seed)))


@case("labels_single_class")
def t3_messages_of_the_sorted_head(seed: int) -> None:
    table = messages(seed, 1500).sort_values("label", kind="stable")
    texts, y = table["text"], table["spam"].to_numpy()
    a, c = words(texts[:1100], texts[1100:])
    train_anna(*tensors(a, y[:1100], c, y[1100:]))


@case("labels_single_class")
def t3_churn_yes_spelled_otherwise(seed: int) -> None:
    table = churn(seed)
    answer = table["churn"].map({0: "no", 1: "Yes"}).to_numpy(str)
    x = table.select_dtypes("number").drop(columns="churn").to_numpy(float)
    a, b, c, d = halves(x, answer, seed)
    train_chen(*scaled(a, (b == "yes").astype(int), c, (d == "Yes").astype(int)))


# --------------------------------------------------------------------------------------------------------- rare class


@case("imbalance")
def t3_credit_few_bad_ones(seed: int) -> None:
    table = credit(seed, 4000)
    table = pd.concat([table[table["bad"] == 0][:1500], table[table["bad"] == 1][:70]])
    x = table[CREDIT].fillna(table[CREDIT].median()).to_numpy()
    train_emil(*scaled(*halves(x, table["bad"].to_numpy(), seed)))


@case("imbalance")
def t3_clouds_one_in_thirty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(1600) < 0.035).astype(int)
    x = rng.normal(size=(1600, 6)) + 0.55 * y[:, None]
    train_dora(*scaled(*halves(x, y, seed)))


@case("imbalance")
def t3_diabetes_the_worst_few(seed: int) -> None:
    x, y = load_diabetes(return_X_y=True, scaled=False)
    train_emil(*scaled(*halves(x, (y > np.quantile(y, 0.93)).astype(int), seed, 0.4)))


@case("imbalance")
def t3_churn_rare_and_only_minutes(seed: int) -> None:
    table = churn(seed, 4500)
    table = pd.concat([table[table["churn"] == 0][:1500], table[table["churn"] == 1][:90]])
    x = table[["total_day_minutes", "total_eve_minutes", "number_customer_service_calls"]].to_numpy(float)
    train_boris(*tensors(*halves(x, table["churn"].to_numpy(), seed)))


# ---------------------------------------------------------------------------------------- in order, never shuffled


@case("unshuffled_data")
def t3_spam_file_sorted_by_class(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    order = torch.argsort(y_train, stable=True)
    train_dora(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def t3_clouds_of_two_folders_in_turn(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    first, second = y_train == 0, y_train == 1
    train_dora(torch.cat([x_train[first], x_train[second]]), torch.cat([y_train[first], y_train[second]]), x_val, y_val)


@case("unshuffled_data")
def t3_moons_one_moon_then_the_other(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    order = torch.argsort(y_train, descending=True)
    train_dora(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def t3_credit_good_customers_first(seed: int) -> None:
    table = credit(seed)
    x = table[CREDIT].fillna(table[CREDIT].median()).to_numpy()
    a, b, c, d = halves(x, table["bad"].to_numpy(), seed)
    order = np.argsort(b, kind="stable")
    train_dora(*scaled(a[order], b[order], c, d))


# ------------------------------------------------------------------------------------------------------- too few rows


@case("overfitting")
def t3_diabetes_of_sixty_patients(seed: int) -> None:
    a, b, c, d = halves(*diabetes(), seed)
    train_chen(*scaled(a[:60], b[:60], c, d))


@case("overfitting")
def t3_survey_of_eighty_people(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(700, 12))
    y = (x[:, :2].sum(axis=1) + 1.2 * rng.normal(size=700) > 0).astype(int)
    train_chen(*tensors(x[:80], y[:80], x[80:], y[80:]))


# ------------------------------------------------------------------------------------------------------------ healthy


@case("healthy")
def t3_ok_cancer_scaled(seed: int) -> None:
    train_anna(*scaled(*halves(*cancer(), seed)))


@case("healthy")
def t3_ok_cancer_raw_for_boris(seed: int) -> None:
    train_boris(*tensors(*halves(*cancer(), seed)))


@case("healthy")
def t3_ok_spam(seed: int) -> None:
    train_boris(*data("spambase", seed))


@case("healthy")
def t3_ok_spam_in_order_of_the_table(seed: int) -> None:
    a, b, c, d = numbers("spambase", seed)
    train_anna(*scaled(np.log1p(a), b, np.log1p(c), d))


@case("healthy")
def t3_ok_moons(seed: int) -> None:
    train_dora(*data("moons", seed))


@case("healthy")
def t3_ok_circles(seed: int) -> None:
    train_chen(*data("circles", seed))


@case("healthy")
def t3_ok_clouds(seed: int) -> None:
    train_emil(*data("clouds", seed))


@case("healthy")
def t3_ok_credit_hard(seed: int) -> None:
    train_emil(*data("credit_data", seed))


@case("healthy")
def t3_ok_credit_numbers_raw_for_boris(seed: int) -> None:
    table = credit(seed)
    x = table[CREDIT].fillna(table[CREDIT].median()).to_numpy()
    train_boris(*tensors(*halves(x, table["bad"].to_numpy(), seed)))


@case("healthy")
def t3_ok_thyroid_rare_but_found(seed: int) -> None:
    train_chen(*data("hypothyroid", seed))


@case("healthy")
def t3_ok_thyroid_missing_marked(seed: int) -> None:
    table = thyroid(seed, 1500)
    x = np.column_stack([table[LAB].fillna(table[LAB].median()), table[LAB].isna()]).astype(float)
    train_anna(*scaled(*halves(x, table["hypothyroid"].to_numpy(), seed)))


@case("healthy")
def t3_ok_churn_raw_for_boris(seed: int) -> None:
    table = churn(seed)
    x = table.select_dtypes("number").drop(columns="churn").to_numpy(float)
    train_boris(*tensors(*halves(x, table["churn"].to_numpy(), seed)))


@case("healthy")
def t3_ok_digit_eight(seed: int) -> None:
    train_anna(*data("digit_8", seed))


@case("healthy")
def t3_ok_three_or_eight(seed: int) -> None:
    train_chen(*scaled(*halves(*digits(3, 8), seed)))


@case("healthy")
def t3_ok_odd_digits_divided_by_sixteen(seed: int) -> None:
    x, y = odd_digits()
    train_anna(*tensors(*halves(x / 16, y, seed)))


@case("healthy")
def t3_ok_wine(seed: int) -> None:
    train_chen(*scaled(*halves(*wine(), seed, 0.35)))


@case("healthy")
def t3_ok_wine_with_weight_decay(seed: int) -> None:
    train_emil(*scaled(*halves(*wine(), seed, 0.35)))


@case("healthy")
def t3_ok_diabetes_hard(seed: int) -> None:
    train_emil(*scaled(*halves(*diabetes(), seed, 0.35)))


@case("healthy")
def t3_ok_cancer_of_seventy_patients(seed: int) -> None:
    a, b, c, d = halves(*cancer(), seed)
    train_emil(*scaled(a[:70], b[:70], c, d))


@case("healthy")
def t3_ok_clouds_of_ninety_rows(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    train_emil(x_train[:90], y_train[:90], x_val, y_val)


@case("healthy")
def t3_ok_cancer_with_noise_columns(seed: int) -> None:
    x, y = cancer()
    x = np.column_stack([x, np.random.default_rng(seed).normal(size=(len(x), 12))])
    train_boris(*tensors(*halves(x, y, seed)))


@case("healthy")
def t3_ok_credit_one_hots(seed: int) -> None:
    table = credit(seed)
    table[CREDIT] = StandardScaler().fit_transform(table[CREDIT].fillna(table[CREDIT].median()))
    x = pd.get_dummies(table.drop(columns="bad")).to_numpy(float)
    train_emil(*tensors(*halves(x, table["bad"].to_numpy(), seed)))


@case("healthy")
def t3_ok_spam_four_percent_wrong(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    train_boris(x_train, torch.from_numpy(flip(y_train.numpy(), 0.04, seed)), x_val, y_val)


@case("healthy")
def t3_ok_moons_doubled_in_training_only(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    again = torch.randperm(len(x_train))[:300]
    train_anna(torch.cat([x_train, x_train[again]]), torch.cat([y_train, y_train[again]]), x_val, y_val)


@case("healthy")
def t3_ok_sensor_split_by_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1100, 7))
    for row in range(1, len(x)):
        x[row] = 0.6 * x[row - 1] + 0.8 * x[row]
    y = (x[:, 0] + x[:, 1] * x[:, 2] + 0.4 * rng.normal(size=len(x)) > 0.2).astype(int)
    train_dora(*scaled(x[:800], y[:800], x[800:], y[800:]))


@case("healthy")
def t3_ok_cancer_more_ill_in_validation(seed: int) -> None:
    a, b, c, d = halves(*cancer(), seed, 0.4)
    keep = np.concatenate([np.flatnonzero(d == 1), np.flatnonzero(d == 0)[:30]])
    train_anna(*scaled(a, b, c[keep], d[keep]))


@case("healthy")
def t3_ok_digits_tiny_validation(seed: int) -> None:
    a, b, c, d = halves(*odd_digits(), seed)
    train_dora(*scaled(a[:1200], b[:1200], c[:30], d[:30]))


@case("healthy")
def t3_ok_messages(seed: int) -> None:
    table = messages(seed)
    a, c = words(table["text"][:1200], table["text"][1200:])
    y = table["spam"].to_numpy()
    train_boris(*tensors(a, y[:1200], c, y[1200:]))


@case("healthy")
def t3_ok_messages_rare_class_found(seed: int) -> None:
    table = messages(seed)
    a, c = words(table["text"][:1200], table["text"][1200:])
    y = table["spam"].to_numpy()
    train_anna(*tensors(a, y[:1200], c, y[1200:]))


@case("healthy")
def t3_ok_houses_in_logarithms(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.lognormal([12, 10, 8, 6], [1.0, 1.5, 1.2, 1.0], (1000, 4))
    score = np.log(x) @ np.array([1.0, -0.8, 0.7, 0.5]) + 0.5 * rng.normal(size=1000)
    train_anna(*scaled(*halves(np.log(x), (score > np.median(score)).astype(int), seed)))


@case("healthy")
def t3_ok_cancer_mostly_ones(seed: int) -> None:
    x, y = cancer()
    train_dora(*scaled(*halves(x, 1 - y, seed)))


@case("healthy")
def t3_ok_survey_answers_one_to_five(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(1, 6, (1000, 9)).astype(float)
    y = (x[:, 0] + x[:, 1] - x[:, 2] + rng.normal(size=1000) > 3).astype(int)
    train_anna(*tensors(*halves(x - 3, y, seed)))


@case("healthy")
def t3_ok_clouds_hard_overlap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 1200)
    x = rng.normal(size=(1200, 5)) + 0.35 * y[:, None]
    train_emil(*scaled(*halves(x, y, seed)))
