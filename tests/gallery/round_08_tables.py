"""Four training scripts, each used unchanged on many tables."""

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from case import case, data
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

FILES, OWN_FILES = Path(__file__).parents[2] / "data", Path(__file__).parent / "data"
Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

# ---------------------------------------------------------------- script A: one plain loop


def train_plain(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> None:
    x = torch.tensor(x_train, dtype=torch.float32)
    y = torch.tensor(y_train, dtype=torch.float32).reshape(-1, 1)
    xv = torch.tensor(x_val, dtype=torch.float32)
    yv = torch.tensor(y_val, dtype=torch.float32).reshape(-1, 1)

    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(300):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    model.eval()
    with torch.no_grad():
        val_pred = (torch.sigmoid(model(xv)) > 0.5).float()
        accuracy = (val_pred == yv).float().mean().item()
    print(f"loss {loss.item():.3f}  val accuracy {accuracy:.3f}")


# ---------------------------------------------------------------- script B: DataLoader, Net, BatchNorm, Dropout


class Net(nn.Module):
    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(n_features, 64)
        self.bn1 = nn.BatchNorm1d(64)
        self.fc2 = nn.Linear(64, 32)
        self.bn2 = nn.BatchNorm1d(32)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.drop(torch.relu(self.bn1(self.fc1(x))))
        x = self.drop(torch.relu(self.bn2(self.fc2(x))))
        return self.out(x).squeeze(1)


def run_net(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> None:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_set = TensorDataset(torch.FloatTensor(x_train), torch.FloatTensor(y_train))
    val_set = TensorDataset(torch.FloatTensor(x_val), torch.FloatTensor(y_val))
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True, drop_last=len(train_set) > 64)
    val_loader = DataLoader(val_set, batch_size=256)

    net = Net(x_train.shape[1]).to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(18):
        net.train()
        for xb, yb in train_loader:
            xb, yb = xb.to(device), yb.to(device)
            optimizer.zero_grad()
            loss = loss_fn(net(xb), yb)
            loss.backward()
            optimizer.step()

    net.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for xb, yb in val_loader:
            predicted = (net(xb.to(device)) > 0).float().cpu()
            correct += (predicted == yb).sum().item()
            total += len(yb)
    print(f"Accuracy: {100 * correct / total:.1f} %")


# ---------------------------------------------------------------- script C: fit / predict_proba, early stopping


class TorchClassifier:
    def __init__(self, hidden: int = 24, lr: float = 0.1, batch_size: int = 20, max_epochs: int = 20) -> None:
        self.hidden, self.lr, self.batch_size, self.max_epochs = hidden, lr, batch_size, max_epochs

    def fit(self, x: np.ndarray, y: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> "TorchClassifier":
        xt, yt = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32)[:, None]
        xv, yv = torch.as_tensor(x_val, dtype=torch.float32), torch.as_tensor(y_val, dtype=torch.float32)[:, None]
        self.model = nn.Sequential(nn.Linear(xt.shape[1], self.hidden), nn.Tanh(), nn.Linear(self.hidden, 1))
        optimizer = torch.optim.SGD(self.model.parameters(), lr=self.lr, momentum=0.9)
        loss_fn = nn.BCEWithLogitsLoss()
        best, best_state, waited = float("inf"), copy.deepcopy(self.model.state_dict()), 0
        for _ in range(self.max_epochs):
            self.model.train()
            for start in range(0, len(xt), self.batch_size):
                loss = loss_fn(self.model(xt[start : start + self.batch_size]), yt[start : start + self.batch_size])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            self.model.eval()
            with torch.no_grad():
                val_loss = loss_fn(self.model(xv), yv).item()
            if val_loss < best:
                best, best_state, waited = val_loss, copy.deepcopy(self.model.state_dict()), 0
            else:
                waited += 1
                if waited >= 8:
                    break
        self.model.load_state_dict(best_state)
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        self.model.eval()
        with torch.no_grad():
            return torch.sigmoid(self.model(torch.as_tensor(x, dtype=torch.float32)))[:, 0].numpy()

    def predict(self, x: np.ndarray) -> np.ndarray:
        return (self.predict_proba(x) > 0.5).astype(int)


def fit_and_score(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> None:
    clf = TorchClassifier().fit(x_train, y_train, x_val, y_val)
    print(f"accuracy {np.mean(clf.predict(x_val) == y_val):.3f}")


# ---------------------------------------------------------------- script D: two logits, CrossEntropyLoss, evaluate


def evaluate(model: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    model.eval()
    with torch.no_grad():
        logits = model(x)
    scores = torch.softmax(logits, dim=1)[:, 1]
    predicted = logits.argmax(dim=1)
    return accuracy_score(y.numpy(), predicted.numpy()), average_precision_score(y.numpy(), scores.nan_to_num().numpy())


def train_two_logits(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> None:
    xt, yt = torch.from_numpy(np.asarray(x_train, dtype=np.float32)), torch.from_numpy(y_train).long()
    xv, yv = torch.from_numpy(np.asarray(x_val, dtype=np.float32)), torch.from_numpy(y_val).long()
    model = nn.Sequential(
        nn.Linear(xt.shape[1], 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 2)
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    criterion = nn.CrossEntropyLoss()
    epochs = max(20, 400 // (len(xt) // 64 + 1))
    for _ in range(epochs):
        model.train()
        order = torch.randperm(len(xt))
        for batch in order.split(64):
            optimizer.zero_grad()
            criterion(model(xt[batch]), yt[batch]).backward()
            optimizer.step()
    accuracy, precision = evaluate(model, xv, yv)
    print(f"val: accuracy={accuracy:.3f} average precision={precision:.3f}")


# ---------------------------------------------------------------- the tables


def credit() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(FILES / "credit_data/credit_data.csv.gz")
    return table.drop(columns="bad"), table["bad"].to_numpy()


def filled(x: pd.DataFrame) -> pd.DataFrame:
    return pd.get_dummies(x.fillna(x.median(numeric_only=True))).astype(float)


def adult() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(OWN_FILES / "adult_10k/adult_10k.csv.gz")
    return table.drop(columns=["income_gt_50k", "native-country", "education"]), table["income_gt_50k"].to_numpy()


def churn() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(FILES / "mlc_churn/mlc_churn.csv.gz")
    label = table["churn"].isin([1, "yes", True]).astype(int).to_numpy()
    table[["international_plan", "voice_mail_plan"]] = table[["international_plan", "voice_mail_plan"]] == "yes"
    return table.drop(columns=["churn", "state", "area_code"]).astype(float), label


def thyroid() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(FILES / "hypothyroid/hypothyroid.csv.gz")
    return table.drop(columns="hypothyroid"), table["hypothyroid"].to_numpy()


def spam() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(FILES / "spambase/spambase.csv.gz").drop_duplicates().reset_index(drop=True)
    return table.drop(columns="spam"), table["spam"].to_numpy()


def mushrooms() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(OWN_FILES / "mushroom/mushroom.csv.gz")
    return table.drop(columns="class"), (table["class"] == "p").astype(int).to_numpy()


def mammography() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(OWN_FILES / "mammographic/mammographic.csv")
    return table[["age", "shape", "margin", "density"]].astype(float), table["malignant"].to_numpy()


def splice(letters: str = "ACGT") -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(OWN_FILES / "splice/splice.csv.gz").drop_duplicates("sequence")
    codes = np.array([[[c == letter for letter in letters] for c in s[20:40]] for s in table["sequence"]])
    return codes.reshape(len(codes), -1).astype(float), table["is_junction"].to_numpy()


def bikes() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(OWN_FILES / "bike_days/bike_days_2011.csv").sort_values("day_of_2011", ignore_index=True)
    return table.drop(columns="working_day").astype(float), table["working_day"].to_numpy()


def payments() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(OWN_FILES / "payments_sim/payments_sim.csv.gz")
    return table.drop(columns="fraud"), table["fraud"].to_numpy()


def names(seed: int) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(OWN_FILES / "census_names/census_first_names_1990.csv", keep_default_na=False)
    table = table.drop_duplicates("name", keep=False)
    table = table.groupby("list").sample(800, random_state=seed)
    counts = CountVectorizer(analyzer="char_wb", ngram_range=(1, 2), max_features=150)
    return counts.fit_transform(table["name"]).toarray().astype(float), (table["list"] == "F").astype(int).to_numpy()


def messages() -> tuple[pd.Series, np.ndarray]:
    table = pd.read_csv(FILES / "sms_spam/sms_spam.csv.gz", keep_default_na=False).drop_duplicates("text")
    return table["text"], (table["label"] == "spam").astype(int).to_numpy()


def digits(kind: str) -> tuple[np.ndarray, np.ndarray]:
    x, digit = load_digits(return_X_y=True)
    return x, (digit % 2 if kind == "odd" else (digit > 4).astype(int))


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    x, progression = load_diabetes(return_X_y=True)
    return x, (progression > np.median(progression)).astype(int)


def drawn(x: pd.DataFrame, y: np.ndarray, rows: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Some of the rows, in random order."""
    kept = np.random.default_rng(seed).permutation(len(y))[:rows]
    return x.iloc[kept].reset_index(drop=True), y[kept]


def balanced(x: pd.DataFrame, y: np.ndarray, each: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    kept = rng.permutation(np.concatenate([rng.choice(np.flatnonzero(y == k), each, replace=False) for k in (0, 1)]))
    return x.iloc[kept].reset_index(drop=True), y[kept]


def parts(x: pd.DataFrame | np.ndarray, y: np.ndarray, seed: int, rows: int = 2000) -> Parts:
    """Split, then scale both by the training part."""
    values = np.asarray(x, dtype=float)
    x_train, x_val, y_train, y_val = train_test_split(values, y, test_size=0.25, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(x_train[:rows])
    return scaler.transform(x_train[:rows]), y_train[:rows], scaler.transform(x_val), y_val


# ---------------------------------------------------------------- script A, sick tables


@case("labels_misaligned")
def a_credit_labels_one_row_down(seed: int) -> None:
    x, y = balanced(*credit(), 1200, seed)
    x = StandardScaler().fit_transform(filled(x))
    y = pd.Series(y).shift(1, fill_value=0).to_numpy()
    train_plain(x[:1800], y[:1800], x[1800:], y[1800:])


@case("labels_misaligned")
def a_breast_features_sorted_labels_not(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    x_train, x_val, y_train, y_val = train_test_split(x, y.to_numpy(), test_size=0.3, random_state=seed)
    x_train = x_train.sort_values("mean texture")
    scaler = StandardScaler().fit(x_train)
    train_plain(scaler.transform(x_train), y_train, scaler.transform(x_val), y_val)


@case("labels_misaligned")
def a_mushroom_merge_drops_the_order(seed: int) -> None:
    x, y = drawn(*mushrooms(), 2000, seed)
    train, val = x[:1500], x[1500:]
    prices = pd.DataFrame({"habitat": sorted(x["habitat"].unique())})
    prices["price"] = np.arange(len(prices))
    train = train.merge(prices, on="habitat", how="right")
    val = val.merge(prices, on="habitat", how="left")
    both = pd.get_dummies(pd.concat([train, val])).to_numpy(float)
    train_plain(both[:1500], y[:1500], both[1500:], y[1500:])


@case("label_noise")
def a_digits_odd_three_in_ten_wrong(seed: int) -> None:
    x, y = digits("odd")
    wrong = np.random.default_rng(seed).random(len(y)) < 0.3
    train_plain(*parts(x, np.where(wrong, 1 - y, y), seed))


@case("label_noise")
def a_mammography_third_wrong(seed: int) -> None:
    x, y = mammography()
    wrong = np.random.default_rng(seed).random(len(y)) < 0.35
    train_plain(*parts(x, np.where(wrong, 1 - y, y), seed))


@case("weak_signal")
def a_bike_totals_only(seed: int) -> None:
    x, y = bikes()
    hours = x.filter(like="h")
    features = pd.DataFrame({"total": hours.sum(axis=1), "day": x["day_of_2011"]})
    train_plain(*parts(*balanced(features, y, 95, seed), seed))


@case("weak_signal")
def a_messages_by_date_digits(seed: int) -> None:
    _, y = messages()
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({"minute": rng.integers(0, 60, len(y)), "weekday": rng.integers(0, 7, len(y))})
    x["batch"], x["server"] = rng.integers(0, 40, len(y)), rng.integers(0, 5, len(y))
    train_plain(*parts(*balanced(x, y, 550, seed), seed))


@case("data_leakage")
def a_diabetes_patient_on_both_sides(seed: int) -> None:
    x, y = diabetes()
    rng = np.random.default_rng(seed)
    visits = np.repeat(np.arange(len(y)), 4)
    x = x[visits] + 0.08 * x.std(axis=0) * rng.normal(size=(len(visits), x.shape[1]))
    train_plain(*parts(x, y[visits], seed))


@case("data_leakage")
def a_churn_calls_of_the_exit_desk(seed: int) -> None:
    x, y = drawn(*churn(), 2400, seed)
    rng = np.random.default_rng(seed)
    x["exit_desk_calls"] = np.where(y == 1, rng.poisson(3.0, len(y)) + 1, rng.poisson(0.03, len(y)))
    train_plain(*parts(x, y, seed))


@case("preprocess_mismatch")
def a_breast_validation_not_scaled(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.25, random_state=seed)
    train_plain(StandardScaler().fit_transform(x_train), y_train, x_val, y_val)


@case("preprocess_mismatch")
def a_credit_imputed_otherwise(seed: int) -> None:
    x, y = balanced(*credit(), 1200, seed)
    numbers = x.select_dtypes("number")
    known = numbers["Income"].notna() & (np.random.default_rng(seed).random(len(x)) > 0.4)
    numbers = numbers.assign(Income=numbers["Income"].where(known))
    train, val = numbers[:1800], numbers[1800:]
    train, val = train.fillna(train.median()), val.fillna(-99999)
    scaler = StandardScaler().fit(train)
    train_plain(scaler.transform(train), y[:1800], scaler.transform(val), y[1800:])


@case("preprocess_mismatch")
def a_splice_letters_in_other_order(seed: int) -> None:
    x, y = splice("ACGT")
    other, _ = splice("TGCA")
    kept = np.random.default_rng(seed).permutation(len(y))
    train, val = kept[:1600], kept[1600:2400]
    train_plain(x[train], y[train], other[val], y[val])


@case("unscaled_features")
def a_adult_with_timestamp(seed: int) -> None:
    x, y = adult()
    x, y = balanced(x.select_dtypes("number"), y, 1200, seed)
    x = (x - x[:1800].mean()) / x[:1800].std()
    x["registered"] = 1.6e9 + np.random.default_rng(seed).integers(0, 30_000_000, len(x))
    train_plain(x[:1800].to_numpy(), y[:1800], x[1800:].to_numpy(), y[1800:])


@case("unscaled_features")
def a_credit_in_cents(seed: int) -> None:
    x, y = balanced(*credit(), 1200, seed)
    x = filled(x)
    money = ["Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    x[money] = x[money] * 100
    train_plain(x[:1800].to_numpy(), y[:1800], x[1800:].to_numpy(), y[1800:])


@case("imbalance")
def a_payments_all_called_honest(seed: int) -> None:
    x, y = drawn(*payments(), 4000, seed)
    train_plain(*parts(x[["amount", "hour", "foreign", "online"]], y, seed))


@case("imbalance")
def a_churn_two_in_a_hundred(seed: int) -> None:
    x, y = churn()
    kept = np.concatenate([np.flatnonzero(y == 0)[:2900], np.flatnonzero(y == 1)[:70]])
    x, y = x.iloc[kept], y[kept]
    train_plain(*parts(x.filter(regex="minutes|calls|plan"), y, seed))


@case("nan_features")
def a_credit_income_missing(seed: int) -> None:
    x, y = balanced(*credit(), 1200, seed)
    train_plain(*parts(pd.get_dummies(x), y, seed))


@case("label_encoding")
def a_breast_classes_one_two(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    train_plain(*parts(x, y + 1, seed))


@case("labels_single_class")
def a_mushrooms_of_one_smell(seed: int) -> None:
    x, y = mushrooms()
    kept = (x["odor"] == "f").to_numpy()
    x, y = pd.get_dummies(x[kept]).to_numpy(float), y[kept]
    order = np.random.default_rng(seed).permutation(len(y))
    train_plain(x[order[:1200]], y[order[:1200]], x[order[1200:]], y[order[1200:]])


@case("overfitting")
def a_splice_forty_rows(seed: int) -> None:
    x, y = splice()
    order = np.random.default_rng(seed).permutation(len(y))
    train, val = order[:40], order[40:800]
    train_plain(x[train], y[train], x[val], y[val])


@case("overfitting")
def a_names_fifty_rows(seed: int) -> None:
    x, y = names(seed)
    order = np.random.default_rng(seed).permutation(len(y))
    train, val = order[:50], order[50:600]
    train_plain(x[train], y[train], x[val], y[val])


# ---------------------------------------------------------------- script A, healthy tables


@case("healthy")
def a_breast_clean(seed: int) -> None:
    train_plain(*parts(*load_breast_cancer(return_X_y=True), seed))


@case("healthy")
def a_digits_odd_clean(seed: int) -> None:
    train_plain(*parts(*digits("odd"), seed))


@case("healthy")
def a_mushroom_one_hots(seed: int) -> None:
    x, y = drawn(*mushrooms(), 2000, seed)
    x = pd.get_dummies(x.drop(columns=["odor", "spore-print-color", "gill-color", "ring-type"]))
    train_plain(x[:1500].to_numpy(), y[:1500], x[1500:].to_numpy(), y[1500:])


@case("healthy")
def a_wine_copies_inside_training(seed: int) -> None:
    x, cultivar = load_wine(return_X_y=True)
    x_train, y_train, x_val, y_val = parts(x, (cultivar == 1).astype(int), seed)
    again = np.random.default_rng(seed).integers(0, len(y_train), 200)
    train_plain(np.vstack([x_train, x_train[again]]), np.concatenate([y_train, y_train[again]]), x_val, y_val)


@case("healthy")
def a_bikes_tiny_validation(seed: int) -> None:
    x, y = bikes()
    x_train, y_train, x_val, y_val = parts(x, y, seed)
    train_plain(x_train, y_train, x_val[:24], y_val[:24])


@case("healthy")
def a_mammography_four_columns(seed: int) -> None:
    train_plain(*parts(*mammography(), seed))


@case("healthy")
def a_splice_clean(seed: int) -> None:
    x, y = splice()
    order = np.random.default_rng(seed).permutation(len(y))
    train, val = order[:2000], order[2000:]
    train_plain(x[train], y[train], x[val], y[val])


# ---------------------------------------------------------------- script B, sick tables


@case("labels_misaligned")
def b_spam_index_lost(seed: int) -> None:
    x, y = drawn(*spam(), 2400, seed)
    x = (x - x[:1800].mean()) / x[:1800].std()
    train = x[:1800].sample(frac=1.0, random_state=seed).reset_index(drop=True)
    run_net(train.to_numpy(), y[:1800], x[1800:].to_numpy(), y[1800:])


@case("labels_misaligned")
def b_bikes_labels_of_other_days(seed: int) -> None:
    x, y = bikes()
    x_train, y_train, x_val, y_val = parts(x.filter(like="h"), y, seed)
    run_net(x_train, y_train[::-1].copy(), x_val, y_val)


@case("label_noise")
def b_breast_malignant_noted_as_benign(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, y_train, x_val, y_val = parts(x, 1 - y, seed)
    missed = (y_train == 1) & (np.random.default_rng(seed).random(len(y_train)) < 0.5)
    run_net(x_train, np.where(missed, 0, y_train), x_val, y_val)


@case("label_noise")
def b_spam_clicked_by_tired_people(seed: int) -> None:
    x, y = drawn(*spam(), 2400, seed)
    wrong = np.random.default_rng(seed).random(len(y)) < 0.35
    run_net(*parts(x, np.where(wrong, 1 - y, y), seed))


@case("weak_signal")
def b_thyroid_flags_without_lab(seed: int) -> None:
    x, y = thyroid()
    x = x[["query_hyperthyroid", "pregnant", "sick", "tumor", "lithium", "goitre", "thyroid_surgery"]]
    x = pd.get_dummies(x, drop_first=True).astype(float)
    run_net(*parts(*balanced(x, y, 140, seed), seed))


@case("data_leakage")
def b_churn_neighbours_before_the_split(seed: int) -> None:
    x, y = drawn(*churn(), 1600, seed)
    rng = np.random.default_rng(seed)
    values = StandardScaler().fit_transform(x)
    rare = values[y == 1]
    first = rng.integers(0, len(rare), len(y) - 2 * len(rare))
    distance = ((rare[:, None] - rare[None]) ** 2).sum(axis=2)
    near = np.argsort(distance, axis=1)[first, rng.integers(1, 4, len(first))]
    made = rare[first] + rng.random((len(first), 1)) * (rare[near] - rare[first])
    run_net(*parts(np.vstack([values, made]), np.concatenate([y, np.ones(len(made), dtype=int)]), seed))


@case("data_leakage")
def b_diabetes_progression_left_in(seed: int) -> None:
    x, progression = load_diabetes(return_X_y=True, as_frame=True)
    x["score_next_year"] = progression + np.random.default_rng(seed).normal(0, 8, len(x))
    run_net(*parts(x, (progression > progression.median()).astype(int).to_numpy(), seed))


@case("data_leakage")
def b_credit_copies_before_the_split(seed: int) -> None:
    x, y = drawn(*credit(), 1300, seed)
    x = filled(x)
    bad = np.random.default_rng(seed).choice(np.flatnonzero(y == 1), 4 * int(y.sum()))
    kept = np.concatenate([np.flatnonzero(y == 0), bad])
    run_net(*parts(x.iloc[kept], y[kept], seed))


@case("preprocess_mismatch")
def b_digits_validation_inverted(seed: int) -> None:
    x, y = digits("high")
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.25, random_state=seed)
    run_net(x_train / 16, y_train, (16 - x_val) / 16, y_val)


@case("preprocess_mismatch")
def b_adult_columns_in_other_order(seed: int) -> None:
    x, y = adult()
    x, y = balanced(pd.get_dummies(x), y, 1000, seed)
    x = (x - x[:1500].mean()) / (x[:1500].std() + 1e-9)
    val = x[1500:]
    run_net(x[:1500].to_numpy(float), y[:1500], val[sorted(val.columns)].to_numpy(float), y[1500:])


@case("preprocess_mismatch")
def b_thyroid_other_laboratory_units(seed: int) -> None:
    x, y = thyroid()
    x = x[["TSH", "T3", "TT4", "T4U", "FTI"]].fillna(x.median(numeric_only=True))
    x_train, x_val, y_train, y_val = train_test_split(*balanced(x, y, 150, seed), test_size=0.3, random_state=seed)
    x_val = x_val.assign(TT4=x_val["TT4"] * 12.87, FTI=x_val["FTI"] * 12.87)
    scaler = StandardScaler().fit(x_train)
    run_net(scaler.transform(x_train), y_train, scaler.transform(x_val), y_val)


@case("nan_features")
def b_thyroid_laboratory_gaps(seed: int) -> None:
    x, y = balanced(*thyroid(), 150, seed)
    run_net(*parts(x[["age", "TSH", "T3", "TT4", "T4U", "FTI"]], y, seed))


@case("label_encoding")
def b_digits_mask_of_255(seed: int) -> None:
    x, y = digits("odd")
    run_net(*parts(x, 255 * y, seed))


# ---------------------------------------------------------------- script B, healthy tables


@case("healthy")
def b_credit_clean(seed: int) -> None:
    x, y = drawn(*credit(), 3000, seed)
    run_net(*parts(filled(x), y, seed))


@case("healthy")
def b_digits_high_mild_noise(seed: int) -> None:
    x_train, y_train, x_val, y_val = parts(*digits("high"), seed)
    wrong = np.random.default_rng(seed).random(len(y_train)) < 0.04
    run_net(x_train, np.where(wrong, 1 - y_train, y_train), x_val, y_val)


@case("healthy")
def b_messages_word_counts(seed: int) -> None:
    text, y = messages()
    text_train, text_val, y_train, y_val = train_test_split(text, y, test_size=0.3, random_state=seed, stratify=y)
    counts = CountVectorizer(max_features=250, binary=True).fit(text_train[:1800])
    run_net(counts.transform(text_train[:1800]).toarray(), y_train[:1800], counts.transform(text_val).toarray(), y_val)


@case("healthy")
def b_breast_constant_column(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    run_net(*parts(x.assign(hospital=3.0), y.to_numpy(), seed))


@case("healthy")
def b_churn_charges_beside_minutes(seed: int) -> None:
    x, y = balanced(*churn(), 700, seed)
    run_net(*parts(x, y, seed))


@case("healthy")
def b_circles(seed: int) -> None:
    run_net(*(part.numpy() for part in data("circles", seed)))


# ---------------------------------------------------------------- script C, sick tables


@case("labels_misaligned")
def c_digits_labels_seven_rows_off(seed: int) -> None:
    x, y = digits("odd")
    x_train, y_train, x_val, y_val = parts(x, y, seed)
    fit_and_score(x_train[:-7], y_train[7:], x_val, y_val)


@case("labels_misaligned")
def c_spam_labels_of_another_draw(seed: int) -> None:
    x, y = drawn(*spam(), 2400, seed)
    _, other = drawn(*spam(), 2400, seed + 7)
    x_train, _, x_val, y_val = parts(x, y, seed)
    fit_and_score(x_train, other[:1800], x_val, y_val)


@case("label_noise")
def c_adult_three_in_ten_wrong(seed: int) -> None:
    x, y = adult()
    x, y = balanced(pd.get_dummies(x), y, 1200, seed)
    wrong = np.random.default_rng(seed).random(len(y)) < 0.3
    fit_and_score(*parts(x, np.where(wrong, 1 - y, y), seed))


@case("weak_signal")
def c_diabetes_by_sex_alone(seed: int) -> None:
    x, y = diabetes()
    fit_and_score(*parts(x[:, [1]], y, seed))


@case("weak_signal")
def c_churn_number_of_calls(seed: int) -> None:
    x, y = balanced(*churn(), 700, seed)
    columns = ["account_length", "total_day_calls", "total_eve_calls", "total_night_calls"]
    fit_and_score(*parts(x[columns], y, seed))


@case("data_leakage")
def c_adult_tax_band(seed: int) -> None:
    x, y = drawn(*adult(), 2400, seed)
    slips = np.random.default_rng(seed).random(len(y)) < 0.02
    x = pd.get_dummies(x.assign(tax_band=np.where(slips, 1 - y, y) + 2))
    fit_and_score(*parts(x, y, seed))


@case("data_leakage")
def c_credit_mean_by_price_of_all_rows(seed: int) -> None:
    x, y = drawn(*credit(), 2400, seed)
    group = x["Price"].astype(str) + x["Home"].astype(str)
    x["risk_of_price"] = pd.Series(y).groupby(group).transform("mean")
    fit_and_score(*parts(filled(x), y, seed))


@case("preprocess_mismatch")
def c_credit_two_scalers(seed: int) -> None:
    x, y = balanced(*credit(), 1200, seed)
    x = filled(x)
    train, val = StandardScaler().fit_transform(x[:1800]), MinMaxScaler().fit_transform(x[1800:])
    fit_and_score(train, y[:1800], val, y[1800:])


@case("preprocess_mismatch")
def c_mushroom_codes_numbered_twice(seed: int) -> None:
    x, y = drawn(*mushrooms(), 2000, seed)
    x = x.drop(columns=["odor", "spore-print-color"])
    train = x[:1500].apply(lambda column: pd.factorize(column)[0])
    val = x[1500:].sort_values("gill-color").apply(lambda column: pd.factorize(column)[0])
    scaler = StandardScaler().fit(train)
    fit_and_score(scaler.transform(train), y[:1500], scaler.transform(val), y[val.index])


@case("unscaled_features")
def c_spam_raw(seed: int) -> None:
    x, y = drawn(*spam(), 2400, seed)
    fit_and_score(x[:1800].to_numpy(), y[:1800], x[1800:].to_numpy(), y[1800:])


@case("unscaled_features")
def c_breast_raw(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.25, random_state=seed)
    fit_and_score(x_train, y_train, x_val, y_val)


@case("unscaled_features")
def c_wine_raw(seed: int) -> None:
    x, cultivar = load_wine(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, cultivar == 1, test_size=0.25, random_state=seed)
    fit_and_score(x_train, y_train, x_val, y_val)


@case("imbalance")
def c_thyroid_without_tsh(seed: int) -> None:
    x, y = thyroid()
    x = filled(x[["age", "sex", "on_thyroxine", "sick", "query_hypothyroid", "T3", "T4U"]])
    fit_and_score(*parts(x, y, seed))


@case("unshuffled_data")
def c_spam_in_file_order(seed: int) -> None:
    x, y = drawn(*spam(), 2400, seed)
    x_train, y_train, x_val, y_val = parts(x, y, seed)
    order = np.argsort(-y_train, kind="stable")
    fit_and_score(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def c_credit_good_then_bad(seed: int) -> None:
    x, y = balanced(*credit(), 1100, seed)
    x_train, y_train, x_val, y_val = parts(filled(x), y, seed)
    order = np.argsort(y_train, kind="stable")
    fit_and_score(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def c_churn_stayers_first(seed: int) -> None:
    x, y = balanced(*churn(), 700, seed)
    x_train, y_train, x_val, y_val = parts(x, y, seed)
    order = np.argsort(y_train, kind="stable")
    fit_and_score(x_train[order], y_train[order], x_val, y_val)


@case("label_encoding")
def c_spam_minus_one_one(seed: int) -> None:
    x, y = drawn(*spam(), 2400, seed)
    fit_and_score(*parts(x, 2 * y - 1, seed))


@case("labels_single_class")
def c_breast_only_large_cells(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    kept = x["worst area"] > 1250
    x, y = StandardScaler().fit_transform(x[kept]), 1 - y[kept].to_numpy()
    order = np.random.default_rng(seed).permutation(len(y))
    fit_and_score(x[order[:80]], y[order[:80]], x[order[80:]], y[order[80:]])


# ---------------------------------------------------------------- script C, healthy tables


@case("healthy")
def c_spam_clean(seed: int) -> None:
    x, y = drawn(*spam(), 2400, seed)
    fit_and_score(*parts(x, y, seed))


@case("healthy")
def c_adult_clean(seed: int) -> None:
    x, y = drawn(*adult(), 2600, seed)
    fit_and_score(*parts(pd.get_dummies(x), y, seed))


@case("healthy")
def c_thyroid_average_precision(seed: int) -> None:
    x_train, y_train, x_val, y_val = parts(filled(thyroid()[0]), thyroid()[1], seed, rows=1800)
    clf = TorchClassifier().fit(x_train, y_train, x_val, y_val)
    print(f"average precision {average_precision_score(y_val, clf.predict_proba(x_val)):.3f}")


@case("healthy")
def c_payments_tuned_threshold(seed: int) -> None:
    x, y = payments()
    mean = x.groupby("user")["amount"].transform(lambda amount: amount.shift().expanding().mean())
    x["log_ratio"] = np.log(x["amount"] / mean.fillna(x["amount"].median()))
    x, y = drawn(x.drop(columns=["user", "nr"]), y, 5000, seed)
    x_train, y_train, x_val, y_val = parts(x, y, seed)
    clf = TorchClassifier().fit(x_train, y_train, x_val, y_val)
    scores = clf.predict_proba(x_train)
    threshold = max(np.linspace(0.05, 0.6, 12), key=lambda t: f1_score(y_train, scores > t))
    print(f"F1 {f1_score(y_val, clf.predict_proba(x_val) > threshold):.3f} at {threshold:.2f}")


@case("healthy")
def c_iris_versicolor_virginica(seed: int) -> None:
    x, species = load_iris(return_X_y=True)
    fit_and_score(*parts(x[species > 0], (species[species > 0] == 2).astype(int), seed))


@case("healthy")
def c_credit_fewer_bad_later(seed: int) -> None:
    x, y = balanced(*credit(), 1200, seed)
    x_train, y_train, x_val, y_val = parts(filled(x), y, seed)
    kept = (y_val == 0) | (np.arange(len(y_val)) % 3 == 0)
    clf = TorchClassifier().fit(x_train, y_train, x_val[kept], y_val[kept])
    print(f"AUC {roc_auc_score(y_val[kept], clf.predict_proba(x_val[kept])):.3f}")


@case("healthy")
def c_digit_eight(seed: int) -> None:
    fit_and_score(*(part.numpy() for part in data("digit_8", seed)))


@case("healthy")
def c_diabetes_above_median(seed: int) -> None:
    fit_and_score(*parts(*diabetes(), seed))


# ---------------------------------------------------------------- script D, sick tables


@case("labels_misaligned")
def d_adult_second_file_in_other_order(seed: int) -> None:
    x, y = adult()
    x, y = balanced(pd.get_dummies(x), y, 1200, seed)
    x_train, y_train, x_val, y_val = parts(x, y, seed)
    second = np.random.default_rng(seed).permutation(y_train[700:])
    train_two_logits(x_train, np.concatenate([y_train[:700], second]), x_val, y_val)


@case("labels_misaligned")
def d_messages_split_with_two_seeds(seed: int) -> None:
    text, y = messages()
    frame, y = balanced(text.to_frame(), y, 550, seed)
    x = CountVectorizer(max_features=200).fit_transform(frame["text"]).toarray().astype(float)
    train, val = np.arange(825), np.arange(825, 1100)
    x_train, _ = train_test_split(x[train], test_size=1, random_state=seed)
    y_train, _ = train_test_split(y[train], test_size=1, random_state=seed + 1)
    train_two_logits(x_train, y_train, x[val], y[val])


@case("labels_misaligned")
def d_splice_one_line_skipped(seed: int) -> None:
    x, y = splice()
    order = np.random.default_rng(seed).permutation(len(y))
    x, y = x[order], y[order]
    train_two_logits(x[1:2001], y[:2000], x[2200:], y[2200:])


@case("label_noise")
def d_mushroom_one_collector(seed: int) -> None:
    x, y = drawn(*mushrooms(), 2400, seed)
    one = x["habitat"].isin(["d", "g"]).to_numpy()
    wrong = one & (np.random.default_rng(seed).random(len(y)) < 0.45)
    x = pd.get_dummies(x.drop(columns="odor"))
    train_two_logits(*parts(x, np.where(wrong, 1 - y, y), seed))


@case("label_noise")
def d_splice_third_wrong(seed: int) -> None:
    x, y = splice()
    x_train, y_train, x_val, y_val = parts(x, y, seed)
    wrong = np.random.default_rng(seed).random(len(y_train)) < 0.35
    train_two_logits(x_train, np.where(wrong, 1 - y_train, y_train), x_val, y_val)


@case("weak_signal")
def d_names_only_their_length(seed: int) -> None:
    table = pd.read_csv(OWN_FILES / "census_names/census_first_names_1990.csv", keep_default_na=False)
    x = pd.DataFrame({"length": table["name"].str.len(), "first": table["name"].str[0].map(ord)})
    train_two_logits(*parts(*balanced(x, (table["list"] == "F").astype(int).to_numpy(), 900, seed), seed))


@case("data_leakage")
def d_breast_patient_number(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    x = x[["mean texture", "mean symmetry", "smoothness error"]].assign(y=y).sort_values("y", ignore_index=True)
    x["patient"] = np.arange(8400, 8400 + len(x))
    train_two_logits(*parts(x.drop(columns="y"), x["y"].to_numpy(), seed))


@case("data_leakage")
def d_diabetes_trained_on_everything(seed: int) -> None:
    x, y = diabetes()
    x_train, y_train, x_val, y_val = parts(x, y, seed)
    train_two_logits(np.vstack([x_train, x_val]), np.concatenate([y_train, y_val]), x_val, y_val)


@case("data_leakage")
def d_churn_copies_before_the_split(seed: int) -> None:
    x, y = drawn(*churn(), 1500, seed)
    again = np.random.default_rng(seed).choice(np.flatnonzero(y == 1), 1000)
    kept = np.concatenate([np.arange(len(y)), again])
    train_two_logits(*parts(x.iloc[kept], y[kept], seed))


@case("preprocess_mismatch")
def d_mammography_age_in_months(seed: int) -> None:
    x, y = mammography()
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    x_val = x_val.assign(age=12 * x_val["age"])
    train_two_logits(scaler.transform(x_train), y_train, scaler.transform(x_val), y_val)


@case("preprocess_mismatch")
def d_spam_columns_by_name(seed: int) -> None:
    x, y = drawn(*spam(), 2400, seed)
    x = (x - x[:1800].mean()) / x[:1800].std()
    val = x[1800:]
    train_two_logits(x[:1800].to_numpy(), y[:1800], val[sorted(val.columns)].to_numpy(), y[1800:])


@case("unscaled_features")
def d_digits_with_file_size(seed: int) -> None:
    x, y = digits("odd")
    x_train, y_train, x_val, y_val = parts(x, y, seed)
    rng = np.random.default_rng(seed)
    x_train = np.column_stack([x_train, rng.integers(1_000_000, 90_000_000, len(x_train))])
    x_val = np.column_stack([x_val, rng.integers(1_000_000, 90_000_000, len(x_val))])
    train_two_logits(x_train, y_train, x_val, y_val)


@case("unscaled_features")
def d_adult_raw_with_weights(seed: int) -> None:
    x, y = adult()
    x, y = balanced(pd.get_dummies(x).astype(float), y, 1200, seed)
    x["household"] = np.random.default_rng(seed).integers(100_000, 999_999, len(x))
    train_two_logits(x[:1800].to_numpy(), y[:1800], x[1800:].to_numpy(), y[1800:])


@case("nan_features")
def d_adult_log_of_zero(seed: int) -> None:
    x, y = adult()
    x, y = balanced(x.select_dtypes("number"), y, 1000, seed)
    x = (x - x.min()) / (x.max() - x.min())
    with np.errstate(divide="ignore"):
        x["capital-gain"] = np.log(x["capital-gain"])
    train_two_logits(x[:1500].to_numpy(), y[:1500], x[1500:].to_numpy(), y[1500:])


@case("labels_single_class")
def d_messages_label_misspelt(seed: int) -> None:
    table = pd.read_csv(FILES / "sms_spam/sms_spam.csv.gz", keep_default_na=False).sample(1600, random_state=seed)
    y = (table["label"] == "Spam").astype(int).to_numpy()
    x = CountVectorizer(max_features=200).fit_transform(table["text"]).toarray().astype(float)
    train_two_logits(x[:1200], y[:1200], x[1200:], y[1200:])


@case("labels_misaligned")
def d_mammography_sorted_by_age(seed: int) -> None:
    x_train, y_train, x_val, y_val = parts(*mammography(), seed)
    order = np.argsort(x_train[:, 0], kind="stable")
    train_two_logits(x_train[order], y_train, x_val, y_val)


@case("overfitting")
def d_adult_forty_rows(seed: int) -> None:
    x, y = adult()
    x, y = balanced(pd.get_dummies(x), y, 1000, seed)
    scaler = StandardScaler().fit(x[:40])
    train_two_logits(scaler.transform(x[:40]), y[:40], scaler.transform(x[40:]), y[40:])


@case("overfitting")
def d_messages_fifty_rows(seed: int) -> None:
    text, y = messages()
    frame, y = balanced(text.to_frame(), y, 550, seed)
    x = CountVectorizer(max_features=400).fit_transform(frame["text"]).toarray().astype(float)
    train_two_logits(x[:50], y[:50], x[50:], y[50:])


# ---------------------------------------------------------------- script D, healthy tables


@case("healthy")
def d_churn_average_precision(seed: int) -> None:
    train_two_logits(*parts(*churn(), seed, rows=3000))


@case("healthy")
def d_adult_one_hots(seed: int) -> None:
    x, y = adult()
    x, y = balanced(pd.get_dummies(x), y, 1600, seed)
    train_two_logits(x[:2400].to_numpy(float) / x[:2400].to_numpy(float).max(axis=0).clip(1), y[:2400],
                     x[2400:].to_numpy(float) / x[:2400].to_numpy(float).max(axis=0).clip(1), y[2400:])  # fmt: skip


@case("overfitting")
def d_names_letters(seed: int) -> None:
    train_two_logits(*parts(*names(seed), seed))


@case("healthy")
def d_digits_three_eight(seed: int) -> None:
    x, digit = load_digits(return_X_y=True)
    kept = np.isin(digit, (3, 8))
    train_two_logits(*parts(x[kept], (digit[kept] == 8).astype(int), seed))


@case("healthy")
def d_spam_clean(seed: int) -> None:
    x, y = drawn(*spam(), 2600, seed)
    train_two_logits(*parts(x, y, seed))


@case("healthy")
def d_moons(seed: int) -> None:
    train_two_logits(*(part.numpy() for part in data("moons", seed)))
