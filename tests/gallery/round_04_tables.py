"""The same code on many tables: eight training scripts, none of which changes from case to case."""

import numpy as np
import pandas as pd
import torch
from case import case, data
from sklearn.compose import ColumnTransformer
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
    make_classification,
    make_hastie_10_2,
)
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, f1_score, precision_recall_curve, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, QuantileTransformer, StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


# ---------------------------------------------------------------- the eight scripts


def train_frame(train: pd.DataFrame, valid: pd.DataFrame, target: str) -> None:
    x_train, x_valid = train.drop(columns=target), valid.drop(columns=target)
    numeric = x_train.select_dtypes("number").columns
    words = [name for name in x_train.columns if name not in numeric]
    prepare = ColumnTransformer(
        [
            ("num", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), list(numeric)),
            ("cat", OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
        ]
    )
    x = torch.tensor(prepare.fit_transform(x_train), dtype=torch.float32)
    xv = torch.tensor(prepare.transform(x_valid), dtype=torch.float32)
    y = torch.tensor(train[target].to_numpy(), dtype=torch.float32)
    yv = valid[target].to_numpy()

    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(25):
        model.train()
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]).squeeze(1), y[rows])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = torch.sigmoid(model(xv)).squeeze(1).numpy()
    print(f"validation AUC {roc_auc_score(yv, scores):.3f}")


class Trainer:
    def __init__(self, n_features: int, epochs: int = 30, patience: int = 8) -> None:
        self.net = nn.Sequential(
            nn.Linear(n_features, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1)
        )
        self.loss_fn = nn.BCEWithLogitsLoss()
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=2e-3, weight_decay=1e-2)
        self.epochs = epochs
        self.patience = patience

    def validate(self, loader: DataLoader) -> tuple[float, np.ndarray, np.ndarray]:
        self.net.eval()
        total, logits, labels = 0.0, [], []
        with torch.no_grad():
            for xb, yb in loader:
                out = self.net(xb).squeeze(-1)
                total += self.loss_fn(out, yb).item() * len(yb)
                logits.append(out)
                labels.append(yb)
        all_labels = torch.cat(labels)
        return total / len(all_labels), torch.cat(logits).numpy(), all_labels.numpy()

    def fit(self, train: Dataset, valid: Dataset) -> None:
        train_loader = DataLoader(train, batch_size=40, shuffle=True)
        valid_loader = DataLoader(valid, batch_size=256)
        best, best_state, bad = float("inf"), None, 0
        for _ in range(self.epochs):
            self.net.train()
            for xb, yb in train_loader:
                self.opt.zero_grad()
                loss = self.loss_fn(self.net(xb).squeeze(-1), yb)
                loss.backward()
                self.opt.step()
            val_loss, _, _ = self.validate(valid_loader)
            if val_loss < best:
                best, bad = val_loss, 0
                best_state = {key: value.clone() for key, value in self.net.state_dict().items()}
            else:
                bad += 1
                if bad == self.patience:
                    break
        if best_state is not None:
            self.net.load_state_dict(best_state)
        _, logits, labels = self.validate(valid_loader)
        predicted = (logits > 0).astype(float)
        print(f"accuracy {accuracy_score(labels.astype(int), predicted.astype(int)):.3f}", end=" ")
        print(f"recall {(predicted[labels == 1] == 1).mean() if (labels == 1).any() else float('nan'):.3f}")


def as_dataset(x: np.ndarray, y: np.ndarray) -> TensorDataset:
    return TensorDataset(torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32))


def train_trainer(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> None:
    Trainer(x_train.shape[1]).fit(as_dataset(x_train, y_train), as_dataset(x_val, y_val))


def train_onecycle(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> None:
    x, xv = (torch.as_tensor(value, dtype=torch.float32) for value in (x_train, x_val))
    y, yv = (torch.as_tensor(value, dtype=torch.long) for value in (y_train, y_val))
    epochs = 30
    loader = DataLoader(TensorDataset(x, y), batch_size=40, shuffle=True, drop_last=len(x) > 40)
    net = nn.Sequential(
        nn.Linear(x.shape[1], 48),
        nn.BatchNorm1d(48),
        nn.ReLU(),
        nn.Linear(48, 24),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Linear(24, 2),
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=epochs * len(loader))
    loss_fn = nn.CrossEntropyLoss()
    for _ in range(epochs):
        net.train()
        for xb, yb in loader:
            loss = loss_fn(net(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    net.eval()
    with torch.no_grad():
        correct = (net(xv).argmax(dim=1) == yv).float().mean()
    print(f"val accuracy: {correct.item():.3f}")


def train_slices(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> None:
    """Takes the rows as they come; train_test_split has shuffled them."""
    x = torch.tensor(np.asarray(x_train), dtype=torch.float32)
    y = torch.tensor(np.asarray(y_train), dtype=torch.float32).reshape(-1, 1)
    model = nn.Sequential(
        nn.Linear(x.shape[1], 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1), nn.Sigmoid()
    )
    bce = nn.BCELoss()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=4e-3)
    batch = 32
    for _ in range(30):
        for start in range(0, len(x), batch):
            p = model(x[start : start + batch])
            loss = bce(p, y[start : start + batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    p_val = model(torch.tensor(np.asarray(x_val), dtype=torch.float32)).detach().numpy()[:, 0]
    hits = (p_val >= 0.5) == (np.asarray(y_val) == 1)
    print("val acc", round(float(hits.mean()), 3))


class WaveNetwork(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(channels, 12, kernel_size=5, padding=2)
        self.conv2 = nn.Conv1d(12, 16, kernel_size=5, padding=2)
        self.pool = nn.MaxPool1d(2)
        self.head = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.pool(torch.relu(self.conv1(x)))
        h = torch.relu(self.conv2(h))
        return self.head(h.mean(dim=2)).squeeze(1)


def train_waves(train: Dataset, valid: Dataset) -> None:
    channels = train[0][0].shape[0]
    model = WaveNetwork(channels)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    loader = DataLoader(train, batch_size=32, shuffle=True)
    for _ in range(25):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    right = 0
    with torch.no_grad():
        for xb, yb in DataLoader(valid, batch_size=128):
            right += int(((model(xb) > 0).float() == yb).sum())
    print(f"accuracy on validation windows: {right / len(valid):.3f}")


class Forecaster(nn.Module):
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.gru = nn.GRU(inputs, 16, batch_first=True)
        self.out = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        _, hidden = self.gru(x)
        return self.out(hidden[-1])[:, 0]


def train_forecaster(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> None:
    x = torch.from_numpy(x_train).float()
    y = torch.from_numpy(y_train).float()
    model = Forecaster(x.shape[2])
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
    for _ in range(18):
        model.train()
        order = torch.randperm(len(x))
        for i in range(0, len(x), 48):
            rows = order[i : i + 48]
            loss = nn.functional.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(torch.from_numpy(x_val).float()).numpy()
    print("AUC", round(roc_auc_score(y_val, scores), 3))


class EntityModel(nn.Module):
    def __init__(self, sizes: list[int], numbers: int) -> None:
        super().__init__()
        self.tables = nn.ModuleList([nn.Embedding(size, 4) for size in sizes])
        self.body = nn.Sequential(nn.Linear(4 * len(sizes) + numbers, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, codes: Tensor, numbers: Tensor) -> Tensor:
        parts = [table(codes[:, i]) for i, table in enumerate(self.tables)]
        return self.body(torch.cat([*parts, numbers], dim=1)).squeeze(1)


Coded = tuple[np.ndarray, np.ndarray, np.ndarray]


def train_entities(train: Coded, valid: Coded) -> None:
    codes, numbers, labels = torch.tensor(train[0]), torch.tensor(train[1]).float(), torch.tensor(train[2]).float()
    sizes = [int(max(train[0][:, i].max(), valid[0][:, i].max())) + 1 for i in range(codes.shape[1])]
    model = EntityModel(sizes, numbers.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=5e-2)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(15):
        model.train()
        for rows in torch.randperm(len(labels)).split(32):
            loss = criterion(model(codes[rows], numbers[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        fitted = torch.sigmoid(model(codes, numbers)).numpy()
        scores = torch.sigmoid(model(torch.tensor(valid[0]), torch.tensor(valid[1]).float())).numpy()
    precision, recall, cuts = precision_recall_curve(train[2], fitted)
    cut = cuts[np.argmax((2 * precision * recall / (precision + recall + 1e-9))[:-1])]
    f1 = f1_score(valid[2], scores >= cut)
    print(f"AUC {roc_auc_score(valid[2], scores):.3f}, F1 {f1:.3f} at the cut-off {cut:.2f}")


class BagOfWords(nn.Module):
    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, 16, padding_idx=0)
        self.classify = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, tokens: Tensor) -> Tensor:
        mask = (tokens != 0).unsqueeze(2).float()
        mean = (self.embed(tokens) * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1.0)
        return self.classify(mean).squeeze(1)


def train_text(t_train: np.ndarray, y_train: np.ndarray, t_val: np.ndarray, y_val: np.ndarray) -> None:
    train_ds = TensorDataset(torch.as_tensor(t_train), torch.as_tensor(y_train, dtype=torch.float32))
    loader = DataLoader(train_ds, batch_size=25, shuffle=True)
    model = BagOfWords(int(max(t_train.max(), t_val.max())) + 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        model.train()
        for tokens, labels in loader:
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(model(tokens), labels)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (torch.sigmoid(model(torch.as_tensor(t_val))) > 0.5).numpy().astype(int)
    print("accuracy", round(accuracy_score(np.asarray(y_val).astype(int), predicted), 3))


# ---------------------------------------------------------------- where the tables come from


def toss(score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(len(score)) < 1 / (1 + np.exp(-score))).astype(int)


def flipped(y: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(len(y)) < share, 1 - y, y)


def customers(rows: int, rng: np.random.Generator, base: float = 0.0) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "customer_id": rng.permutation(np.arange(10_000, 10_000 + rows)).astype(str),
            "age": rng.integers(18, 80, rows),
            "income": rng.lognormal(10.3, 0.5, rows).round(2),
            "tenure": rng.gamma(2.0, 18.0, rows).round(1),
            "calls": rng.poisson(1.5, rows),
            "plan": rng.choice(["basic", "plus", "premium"], rows, p=[0.5, 0.3, 0.2]),
            "contract": rng.choice(["monthly", "yearly"], rows),
            "region": rng.choice(["north", "south", "east", "west"], rows),
        }
    )
    score = 1.6 * (frame["contract"] == "monthly") - 0.04 * (frame["tenure"] - 36) + 0.6 * (frame["calls"] - 1.5)
    score += 0.8 * (frame["age"] < 30) - 0.6 * (frame["plan"] == "premium") - 0.7 * np.log(frame["income"] / 30_000)
    frame["churn"] = toss(1.5 * (score.to_numpy() - 0.8) + base, rng)
    return frame


def halves(frame: pd.DataFrame, share: float = 0.7) -> tuple[pd.DataFrame, pd.DataFrame]:
    at = int(share * len(frame))
    kept = frame.drop(columns="customer_id", errors="ignore")
    return kept[:at], kept[at:]


def sensors(rows: int, rng: np.random.Generator, base: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=(rows, 8))
    score = 2 * x[:, 0] + 1.5 * x[:, 1] * x[:, 2] + np.sin(2 * x[:, 3]) - x[:, 4]
    return x, toss(1.8 * score + base, rng)


def cut(x: np.ndarray, y: np.ndarray, at: int) -> Arrays:
    return x[:at], y[:at], x[at:], y[at:]


def standardised(x_train: np.ndarray, x_val: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scaler = StandardScaler().fit(x_train)
    return scaler.transform(x_train), scaler.transform(x_val)


def arrays(name: str, seed: int, raw: bool = False) -> Arrays:
    x_train, y_train, x_val, y_val = (value.numpy() for value in data(name, seed, raw))
    return x_train, y_train, x_val, y_val


def vibrations(rows: int, rng: np.random.Generator, share: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    y = (rng.random(rows) < share).astype(int)
    time = np.arange(40) / 40
    phase = rng.uniform(0, 2 * np.pi, (rows, 1))
    wave = np.sin(2 * np.pi * np.where(y == 1, 8, 4)[:, None] * time + phase)
    x = rng.normal(size=(rows, 2, 40))
    x[:, 0] += 1.1 * wave
    x[:, 1] += 0.4 * wave
    return x, y


def wave_sets(x: np.ndarray, y: np.ndarray, at: int) -> tuple[TensorDataset, TensorDataset]:
    return as_dataset(x[:at], y[:at]), as_dataset(x[at:], y[at:])


def demand(hours: int, rng: np.random.Generator) -> np.ndarray:
    noise = np.zeros(hours)
    for t in range(1, hours):
        noise[t] = 0.7 * noise[t - 1] + rng.normal(scale=0.5)
    time = np.arange(hours)
    return np.sin(2 * np.pi * time / 12) + 0.5 * np.sin(2 * np.pi * time / 7) + noise


def windows(series: np.ndarray, width: int = 14) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the last `width` values; will the next value be higher than the last one?"""
    starts = range(len(series) - width)
    x = np.stack([series[s : s + width] for s in starts])[:, :, None]
    y = np.array([series[s + width] > series[s + width - 1] for s in starts]).astype(int)
    return x, y


def baskets(rows: int, rng: np.random.Generator, base: float = 0.0) -> Coded:
    codes = np.stack([rng.integers(0, size, rows) for size in (30, 12, 7)], axis=1)
    numbers = rng.normal(size=(rows, 3))
    effects = [np.random.default_rng(size).normal(scale=1.4, size=size) for size in (30, 12, 7)]
    score = sum(effect[codes[:, i]] for i, effect in enumerate(effects)) + numbers[:, 0] - 0.7 * numbers[:, 1]
    return codes, numbers, toss(1.5 * score + base, rng)


def parted(table: Coded, at: int) -> tuple[Coded, Coded]:
    codes, numbers, labels = table
    return (codes[:at], numbers[:at], labels[:at]), (codes[at:], numbers[at:], labels[at:])


def reviews(
    rows: int, rng: np.random.Generator, pull: float = 3.0, share: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of word numbers, filled up with 0; words 1-40 are rather those of good reviews, 41-80 of bad ones."""
    y = (rng.random(rows) < share).astype(int)
    plain = np.ones(400)
    tokens = np.zeros((rows, 24), dtype=np.int64)
    for i in range(rows):
        chance = plain.copy()
        chance[:40] *= pull if y[i] else 1.0
        chance[40:80] *= 1.0 if y[i] else pull
        length = rng.integers(10, 25)
        tokens[i, :length] = 1 + rng.choice(400, length, p=chance / chance.sum())
    return tokens, y


# ---------------------------------------------------------------- label noise


@case("label_noise")
def tables2_noise_fifth_of_customers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(1500, rng)
    frame["churn"] = flipped(frame["churn"].to_numpy(), 0.22, rng)
    train_frame(*halves(frame), "churn")


@case("label_noise")
def tables2_noise_third_of_sensors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    train_trainer(*cut(x, flipped(y, 0.3, rng), 1100))


@case("label_noise")
def tables2_noise_breast_cancer_training_labels(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("breast_cancer", seed)
    rng = np.random.default_rng(seed)
    train_onecycle(x_train, flipped(y_train, 0.35, rng), x_val, y_val)


@case("label_noise")
def tables2_noise_failures_not_reported(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    y_train = y[:1100].copy()
    y_train[(y_train == 1) & (rng.random(1100) < 0.45)] = 0
    train_slices(x[:1100], y_train, x[1100:], y[1100:])


@case("label_noise")
def tables2_noise_one_shop_records_the_opposite(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, numbers, labels = baskets(1600, rng)
    wrong = (codes[:, 0] % 3 == 0) & (rng.random(1600) < 0.5)
    train_entities(*parted((codes, numbers, np.where(wrong, 1 - labels, labels)), 1100))


@case("label_noise")
def tables2_noise_windows_labelled_by_ear(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = vibrations(900, rng)
    train_waves(*wave_sets(x, flipped(y, 0.25, rng), 600))


@case("label_noise")
def tables2_noise_reviews_clicked_by_mistake(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, y = reviews(1500, rng)
    train_text(*cut(tokens, flipped(y, 0.25, rng), 1100))


@case("label_noise")
def tables2_noise_spam_reported_by_users(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x_train, y_train, x_val, y_val = arrays("spambase", seed)
    train_trainer(x_train, flipped(y_train, 0.3, rng), x_val, flipped(y_val, 0.3, rng))


@case("label_noise")
def tables2_noise_careless_second_annotator(seed: int) -> None:
    rng = np.random.default_rng(seed)
    digits = load_digits()
    x, y = digits.data / 16, (digits.target % 2).astype(int)
    order = rng.permutation(len(x))[:1400]
    x, y = x[order], y[order]
    careless = rng.random(len(y)) < 0.6
    y = np.where(careless, rng.integers(0, 2, len(y)), y)
    train_onecycle(*cut(x, y, 1000))


@case("label_noise")
def tables2_noise_no_turned_into_yes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = make_hastie_10_2(2000, random_state=seed)
    y = (y > 0).astype(int)
    y[(y == 0) & (rng.random(2000) < 0.4)] = 1
    train_trainer(*cut(x, y, 1400))


# ---------------------------------------------------------------- labels beside the wrong rows


@case("labels_misaligned")
def tables2_shifted_by_one_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    x_train, y_train, x_val, y_val = cut(x, y, 1100)
    train_trainer(x_train, np.roll(y_train, 1), x_val, y_val)


@case("labels_misaligned")
def tables2_joined_by_row_number(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(1500, rng)
    outcome = frame[["customer_id", "churn"]].sort_values("customer_id").reset_index(drop=True)
    joined = frame.drop(columns="churn").join(outcome["churn"])
    train_frame(*halves(joined), "churn")


@case("labels_misaligned")
def tables2_features_sorted_labels_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = [f"s{i}" for i in range(8)]
    x, y = sensors(1400, rng)
    frame = pd.DataFrame(x, columns=columns)[:1000].sort_values("s7")
    train_slices(frame.to_numpy(), y[:1000], x[1000:], y[1000:])


@case("labels_misaligned")
def tables2_second_file_read_backwards(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1600, rng)
    x_train, y_train, x_val, y_val = cut(x, y, 1200)
    y_train = np.concatenate([y_train[:400], y_train[400:][::-1]])
    train_onecycle(x_train, y_train, x_val, y_val)


@case("labels_misaligned")
def tables2_split_twice_with_two_seeds(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_val = train_test_split(x, test_size=0.3, random_state=seed)
    y_train, y_val = train_test_split(y, test_size=0.3, random_state=seed + 1)
    train_trainer(*standardised(x_train, x_val)[:1], y_train, standardised(x_train, x_val)[1], y_val)


@case("labels_misaligned")
def tables2_empty_reviews_dropped_labels_kept(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, y = reviews(1500, rng)
    empty = rng.random(1500) < 0.01
    empty[:3] = True
    tokens = tokens[~empty]
    train_text(*cut(tokens, y[: len(tokens)], 1100))


@case("labels_misaligned")
def tables2_label_of_the_next_window(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = vibrations(901, rng)
    train_waves(*wave_sets(x[:-1], y[1:], 600))


@case("labels_misaligned")
def tables2_grouped_by_shop_labels_in_old_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    (codes, numbers, labels), valid = parted(baskets(1600, rng), 1100)
    order = np.argsort(codes[:, 0], kind="stable")
    train_entities((codes[order], numbers[order], labels), valid)


@case("labels_misaligned")
def tables2_rows_dropped_from_features_only(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(1600, rng)
    frame.loc[rng.random(1600) < 0.05, "income"] = np.nan
    features = frame.drop(columns="churn").dropna().reset_index(drop=True)
    features["churn"] = frame["churn"]
    train_frame(*halves(features), "churn")


@case("labels_misaligned")
def tables2_target_is_next_rows_label(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(1500, rng)
    frame["churn"] = frame["churn"].shift(-1)
    frame = frame.dropna()
    train_frame(*halves(frame), "churn")


@case("labels_misaligned")
def tables2_spam_labels_reversed(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("spambase", seed)
    train_slices(x_train, y_train[::-1].copy(), x_val, y_val)


@case("labels_misaligned")
def tables2_stations_concatenated_in_two_orders(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = {name: sensors(rows, rng) for name, rows in (("b", 500), ("a", 620), ("c", 80))}
    x = np.concatenate([parts[name][0] for name in parts])
    y = np.concatenate([parts[name][1] for name in sorted(parts)])
    x_val, y_val = sensors(400, rng)
    train_trainer(x, y, x_val, y_val)


# ---------------------------------------------------------------- no or hardly any signal


@case("weak_signal")
def tables2_random_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train_trainer(*cut(rng.normal(size=(1400, 12)), rng.integers(0, 2, 1400), 1000))


@case("weak_signal")
def tables2_campaign_group_as_target(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(1500, rng).drop(columns="churn")
    frame["group"] = rng.integers(0, 2, 1500)
    train_frame(*halves(frame), "group")


@case("weak_signal")
def tables2_random_walk_direction(seed: int) -> None:
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(size=1100))
    x, y = windows(walk)
    x = x - x[:, -1:, :]
    x = x / x[:700].std()
    train_forecaster(*cut(x, y, 700))


@case("weak_signal")
def tables2_reviews_without_telling_words(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, y = reviews(1400, rng, pull=1.0)
    train_text(*cut(tokens, y, 1000))


@case("weak_signal")
def tables2_codes_that_mean_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, numbers, _ = baskets(1500, rng)
    train_entities(*parted((codes, numbers, rng.integers(0, 2, 1500)), 1100))


@case("weak_signal")
def tables2_telling_sensors_left_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    train_slices(*cut(x[:, [1, 5, 6, 7]], y, 1100))


@case("weak_signal")
def tables2_tiny_effect(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1600, 10))
    train_onecycle(*cut(x, toss(0.15 * x[:, 0], rng), 1100))


# ---------------------------------------------------------------- leaks and copies


@case("data_leakage")
def tables2_leak_status_code_repeats_the_label(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(1500, rng)
    frame["status"] = np.where(frame["churn"] == 1, 7, 2)
    train_frame(*halves(frame), "churn")


@case("data_leakage")
def tables2_leak_refund_paid_after_leaving(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(1500, rng)
    paid = (frame["churn"] == 1) & (rng.random(1500) < 0.97)
    frame["refund"] = np.where(paid, rng.lognormal(3, 0.3, 1500), 0.0)
    train_frame(*halves(frame), "churn")


@case("data_leakage")
def tables2_leak_id_tells_the_label(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1500, 6))
    y = toss(0.8 * x[:, 0] - 0.6 * x[:, 1], rng)
    number = np.empty(1500)
    number[np.argsort(y, kind="stable")] = np.arange(1500)
    x = np.column_stack([x, number])
    x_train, x_val = standardised(x[:1100], x[1100:])
    train_trainer(x_train, y[:1100], x_val, y[1100:])


@case("data_leakage")
def tables2_leak_zip_means_over_all_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1500, 5))
    y = toss(0.7 * x[:, 0], rng)
    frame = pd.DataFrame({"zip": rng.integers(0, 900, 1500), "y": y})
    encoded = frame.groupby("zip")["y"].transform("mean").to_numpy()
    x = np.column_stack([x, 2 * encoded - 1])
    train_slices(*cut(x, y, 1100))


@case("data_leakage")
def tables2_leak_window_contains_the_next_value(seed: int) -> None:
    series = demand(1100, np.random.default_rng(seed))
    x, _ = windows(series, 15)
    y = (x[:, -1, 0] > x[:, -2, 0]).astype(int)
    train_forecaster(*cut(x, y, 750))


@case("data_leakage")
def tables2_leak_oversampled_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1000, 20))
    y = toss(0.5 * x[:, 0] - 0.5 * x[:, 1] - 2.6, rng)
    rare = np.flatnonzero(y == 1)
    more = rng.choice(rare, len(y) - 2 * len(rare))
    x, y = np.concatenate([x, x[more]]), np.concatenate([y, y[more]])
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    train_trainer(x_train, y_train, x_val, y_val)


@case("data_leakage")
def tables2_leak_smote_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(900, 15))
    y = toss(0.4 * x[:, 0] - 2.7, rng)
    rare = x[y == 1]
    near = NearestNeighbors(n_neighbors=4).fit(rare).kneighbors(rare, return_distance=False)
    picks = rng.integers(0, len(rare), (y == 0).sum() - len(rare))
    mates = near[picks, rng.integers(1, 4, len(picks))]
    made = rare[picks] + rng.random((len(picks), 1)) * (rare[mates] - rare[picks])
    x, y = np.concatenate([x, made]), np.concatenate([y, np.ones(len(made), int)])
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    train_onecycle(x_train, y_train, x_val, y_val)


@case("data_leakage")
def tables2_leak_visits_of_a_patient_on_both_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    person = rng.normal(size=(150, 12))
    ill = toss(0.5 * person[:, 0], rng)
    who = np.repeat(np.arange(150), 10)
    x = person[who] + 0.1 * rng.normal(size=(1500, 12))
    x_train, x_val, y_train, y_val = train_test_split(x, ill[who], test_size=0.3, random_state=seed)
    train_onecycle(x_train, y_train, x_val, y_val)


@case("data_leakage")
def tables2_leak_copies_with_jitter_split_later(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(250, 24))
    y = toss(0.7 * x[:, 0] + 0.5 * x[:, 1], rng)
    x, y = np.repeat(x, 5, axis=0), np.repeat(y, 5)
    x = x + 0.02 * rng.normal(size=x.shape)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    train_trainer(x_train, y_train, x_val, y_val)


@case("data_leakage")
def tables2_leak_file_with_validation_rows_appended(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(600, rng, base=-0.5)
    survey = pd.DataFrame(rng.normal(size=(600, 40)), columns=[f"q{i}" for i in range(40)])
    train, valid = halves(pd.concat([frame, survey], axis=1))
    train = pd.concat([train, valid], ignore_index=True)
    train_frame(train, valid, "churn")


@case("data_leakage")
def tables2_leak_reviews_posted_several_times(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, y = reviews(300, rng, pull=1.5)
    again = rng.integers(0, 300, 1400)
    train_text(*cut(tokens[again], y[again], 1000))


@case("data_leakage")
def tables2_leak_overlapping_windows_mixed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    record = rng.normal(size=(40, 8, 60)) + rng.normal(size=(40, 8, 1))
    y = rng.integers(0, 2, 40)
    x = np.concatenate([record[:, :, s : s + 40] for s in range(0, 20)])
    x_train, x_val, y_train, y_val = train_test_split(x, np.tile(y, 20), test_size=0.3, random_state=seed)
    train_waves(as_dataset(x_train, y_train), as_dataset(x_val, y_val))


# ---------------------------------------------------------------- validation is prepared in another way


@case("preprocess_mismatch")
def tables2_mismatch_own_scaler_for_few_late_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1600, rng, base=1.0)
    x_train, y_train, x_val, y_val = cut(x, y, 1100)
    late = x_val[:, 0] - x_val[:, 4] > 0.5
    train_trainer(x_train, y_train, StandardScaler().fit_transform(x_val[late]), y_val[late])


@case("preprocess_mismatch")
def tables2_mismatch_minmax_with_an_outlier(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    x_val[0] *= 8
    train_onecycle(MinMaxScaler().fit_transform(x_train), y_train, MinMaxScaler().fit_transform(x_val), y_val)


@case("preprocess_mismatch")
def tables2_mismatch_fahrenheit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    celsius, load, hours = rng.normal(20, 6, 1500), rng.normal(50, 10, 1500), rng.gamma(3, 2, 1500)
    y = toss(0.5 * (celsius - 20) + 0.1 * (load - 50) + 0.3 * (hours - 6), rng)
    x = np.column_stack([celsius, load, hours])
    x[1100:, 0] = x[1100:, 0] * 1.8 + 32
    x_train, x_val = standardised(x[:1100], x[1100:])
    train_slices(x_train, y[:1100], x_val, y[1100:])


@case("preprocess_mismatch")
def tables2_mismatch_columns_in_another_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    x = x * [1, 2, 0.5, 1, 3, 1, 2, 4] + [0, 2, 1, 0, -3, 5, 1, 0]
    names = ["torque", "speed", "oil", "angle", "age", "volt", "amp", "dust"]
    frame = pd.DataFrame(x, columns=names)
    x_train = frame[:1100].to_numpy()
    x_val = frame[1100:][sorted(names)].to_numpy()
    x_train, x_val = standardised(x_train, x_val)
    train_trainer(x_train, y[:1100], x_val, y[1100:])


@case("preprocess_mismatch")
def tables2_mismatch_gaps_filled_otherwise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    raw = pd.DataFrame(100 + 10 * x)
    raw = raw.mask(rng.random(raw.shape) < 0.2)
    train, valid = raw[:1100], raw[1100:]
    train = train.fillna(train.median())
    valid = valid.fillna(0)
    x_train, x_val = standardised(train.to_numpy(), valid.to_numpy())
    train_slices(x_train, y[:1100], x_val, y[1100:])


@case("preprocess_mismatch")
def tables2_mismatch_new_probe_this_year(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1600, rng)
    x_train, y_train, x_val, y_val = cut(x, y, 1100)
    x_val = x_val + np.array([1.8, 0, 0, 0.6, -1.5, 0.9, 0, 0])
    train_onecycle(x_train, y_train, x_val, y_val)


@case("preprocess_mismatch")
def tables2_mismatch_categories_encoded_anew(seed: int) -> None:
    rng = np.random.default_rng(seed)
    (codes, numbers, labels), (codes_val, numbers_val, labels_val) = parted(baskets(1600, rng), 1100)
    codes = np.stack([pd.factorize(codes[:, i])[0] for i in range(3)], axis=1)
    codes_val = np.stack([pd.factorize(codes_val[:, i])[0] for i in range(3)], axis=1)
    train_entities((codes, numbers, labels), (codes_val, numbers_val, labels_val))


@case("preprocess_mismatch")
def tables2_mismatch_validation_left_raw(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    train_trainer(StandardScaler().fit_transform(x_train), y_train, x_val, y_val)


@case("preprocess_mismatch")
def tables2_mismatch_vocabulary_built_anew(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, y = reviews(1500, rng)
    t_train, y_train, t_val, y_val = cut(tokens, y, 1100)
    seen: dict[int, int] = {0: 0}
    t_val = np.array([[seen.setdefault(int(word), len(seen)) for word in row] for row in t_val])
    train_text(t_train, y_train, t_val, y_val)


@case("preprocess_mismatch")
def tables2_mismatch_recorder_at_half_speed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = vibrations(900, rng)
    train, valid = x[:600], np.repeat(x[600:], 2, axis=2)[:, :, :40]
    train_waves(as_dataset(train, y[:600]), as_dataset(valid, y[600:]))


@case("preprocess_mismatch")
def tables2_mismatch_logarithm_for_training_only(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.lognormal(2, 1.0, (1500, 6))
    score = np.log(counts) - 2
    y = toss(1.5 * score[:, 0] - 1.5 * score[:, 1] + score[:, 2] - score[:, 3], rng)
    x_train, x_val = standardised(np.log(counts[:1100]), counts[1100:])
    train_onecycle(x_train, y[:1100], x_val, y[1100:])


@case("preprocess_mismatch")
def tables2_mismatch_ink_white_on_black(seed: int) -> None:
    digits = load_digits()
    y = (digits.target >= 5).astype(int)
    x_train, x_val, y_train, y_val = train_test_split(digits.data, y, test_size=0.3, random_state=seed)
    train_slices(x_train / 16, y_train, (16 - x_val) / 16, y_val)


# ---------------------------------------------------------------- scales


@case("unscaled_features")
def tables2_scale_income_in_cents(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    income = rng.lognormal(10.3, 0.5, (1500, 1)) * 100
    train_slices(*cut(np.hstack([x, income]), y, 1100))


@case("unscaled_features")
def tables2_scale_timestamps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    seconds = 1.6e9 + rng.uniform(0, 3e7, (1500, 1))
    train_trainer(*cut(np.hstack([x, seconds]), y, 1100))


@case("unscaled_features")
def tables2_scale_all_in_micrometres_of_a_metre(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    train_slices(*cut(x * 2e-5, y, 1100))


@case("unscaled_features")
def tables2_scale_heavy_tails(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    train_trainer(*cut(np.sinh(4 * x), y, 1100))


@case("unscaled_features")
def tables2_scale_breast_cancer_as_measured(seed: int) -> None:
    train_slices(*arrays("breast_cancer", seed, raw=True))


@case("unscaled_features")
def tables2_scale_credit_as_in_the_file(seed: int) -> None:
    train_trainer(*arrays("credit_data", seed, raw=True))


@case("unscaled_features")
def tables2_scale_gaps_coded_minus_9999(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    x[rng.random(x.shape) < 0.1] = -9999
    train_slices(*cut(x, y, 1100))


@case("unscaled_features")
def tables2_scale_air_pressure_in_pascal(seed: int) -> None:
    series = demand(1100, np.random.default_rng(seed))
    x, y = windows(101_325 + 60 * series)
    train_forecaster(*cut(x, y, 750))


@case("unscaled_features")
def tables2_scale_prices_beside_embeddings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, numbers, labels = baskets(1600, rng)
    numbers = np.column_stack([numbers, rng.lognormal(9, 1, 1600)])
    train_entities(*parted((codes, numbers, labels), 1100))


@case("unscaled_features")
def tables2_scale_microvolts_in_volts(seed: int) -> None:
    x, y = vibrations(900, np.random.default_rng(seed))
    train_waves(*wave_sets(x * 3e-6, y, 600))


# ---------------------------------------------------------------- a rare class


@case("imbalance")
def tables2_rare_failures(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2000, 10))
    y = toss(1.1 * x[:, 0] - 0.8 * x[:, 1] + 0.6 * x[:, 2] - 4.2, rng)
    train_trainer(*cut(x, y, 1300))


@case("imbalance")
def tables2_rare_fraud(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = make_classification(
        2400, 12, n_informative=4, weights=[0.975], class_sep=0.7, flip_y=0.01, random_state=seed
    )
    order = rng.permutation(2400)
    train_onecycle(*cut(x[order], y[order], 1600))


@case("imbalance")
def tables2_rare_breakdowns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2000, 6))
    y = toss(x[:, 0] + x[:, 1] - 3.8, rng)
    train_slices(*cut(x, y, 1300))


@case("imbalance")
def tables2_rare_alarms_in_windows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = vibrations(1000, rng, share=0.04)
    x = x + 0.9 * rng.normal(size=x.shape)
    train_waves(*wave_sets(x, y, 650))


@case("imbalance")
def tables2_rare_complaints(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, y = reviews(1800, rng, share=0.05, pull=2.5)
    train_text(*cut(tokens, y, 1200))


@case("imbalance")
def tables2_rare_leavers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(2200, rng, base=-9.5)
    train_trainer(*cut(x + 0.5 * rng.normal(size=x.shape), y, 1500))


# ---------------------------------------------------------------- sorted rows, taken in order


@case("unshuffled_data")
def tables2_sorted_by_label(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(2000, rng)
    x_train, y_train, x_val, y_val = cut(x, y, 1600)
    order = np.argsort(y_train, kind="stable")
    train_slices(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def tables2_sorted_good_file_then_bad_file(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("credit_data", seed)
    order = np.argsort(-y_train, kind="stable")
    train_slices(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def tables2_sorted_moons(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("moons", seed)
    order = np.argsort(y_train, kind="stable")
    train_slices(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def tables2_sorted_digit_folders(seed: int) -> None:
    digits = load_digits()
    x_train, x_val, d_train, d_val = train_test_split(digits.data / 16, digits.target, random_state=seed)
    order = np.argsort(d_train, kind="stable")
    train_slices(x_train[order], (d_train[order] >= 5).astype(int), x_val, (d_val >= 5).astype(int))


@case("unshuffled_data")
def tables2_sorted_by_outcome_of_the_trial(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1900, 5))
    y = toss(1.5 * x[:, 0] * x[:, 1] + x[:, 2], rng)
    x_train, y_train, x_val, y_val = cut(x, y, 1400)
    order = np.argsort(-y_train, kind="stable")
    train_slices(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def tables2_sorted_four_blocks_of_classes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = make_hastie_10_2(1600, random_state=seed)
    y = (y > 0).astype(int)
    x_train, y_train, x_val, y_val = cut(x, y, 1200)
    half = rng.random(1200) < 0.5
    order = np.lexsort((y_train, half))
    train_slices(x_train[order], y_train[order], x_val, y_val)


# ---------------------------------------------------------------- too few rows


@case("overfitting")
def tables2_few_rows_many_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(700, 120))
    y = toss(1.5 * x[:, :6] @ np.array([1, -1, 1, -1, 1, -1]), rng)
    train_onecycle(*cut(x, y, 300))


@case("overfitting")
def tables2_few_customers_with_long_survey(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(800, rng)
    survey = pd.DataFrame(rng.normal(size=(800, 150)), columns=[f"q{i}" for i in range(150)])
    frame = pd.concat([frame, survey], axis=1)
    train_frame(*halves(frame, 0.5), "churn")


@case("overfitting")
def tables2_few_reviews(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, y = reviews(700, rng, pull=2.5)
    train_text(*cut(np.where(tokens > 0, 3 * tokens, 0), y, 350))


@case("overfitting")
def tables2_customer_number_as_embedding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, numbers, _ = baskets(1500, rng)
    y = toss(1.2 * numbers[:, 0] - numbers[:, 1], rng)
    codes = np.column_stack([rng.integers(0, 900, 1500), rng.integers(0, 700, 1500), rng.integers(0, 800, 1500)])
    train_entities(*parted((codes, numbers, y), 1000))


# ---------------------------------------------------------------- a class is missing


@case("labels_single_class")
def tables2_only_first_class_in_training(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1400, rng)
    order = np.argsort(y, kind="stable")
    at = int((y == 0).sum() * 0.9)
    train_trainer(*cut(x[order], y[order], at))


@case("labels_single_class")
def tables2_yes_written_in_small_letters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1400, rng)
    answer = np.where(y == 1, "yes", "no")
    train_trainer(*cut(x, (answer == "Yes").astype(int), 1000))


@case("labels_single_class")
def tables2_wine_split_in_file_order(seed: int) -> None:
    wine = load_wine()
    x, y = wine.data, (wine.target == 2).astype(int)
    at = 130 - seed % 5
    x_train, x_val = standardised(x[:at], x[at:])
    train_slices(x_train, y[:at], x_val, y[at:])


@case("labels_single_class")
def tables2_threshold_in_another_unit(seed: int) -> None:
    x, y = load_diabetes(return_X_y=True)
    severe = (y > 1400).astype(int)
    x_train, x_val, y_train, y_val = train_test_split(x * 20, severe, random_state=seed)
    train_onecycle(x_train, y_train, x_val, y_val)


# ---------------------------------------------------------------- labels that are not 0 and 1


@case("label_encoding")
def tables2_encoding_one_and_two(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1400, rng)
    train_trainer(*cut(x, y + 1, 1000))


@case("label_encoding")
def tables2_encoding_minus_one_and_one(seed: int) -> None:
    x, y = make_hastie_10_2(1600, random_state=seed)
    train_trainer(*cut(x, y, 1100))


@case("label_encoding")
def tables2_encoding_mask_of_an_image(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = vibrations(800, rng)
    train_waves(*wave_sets(x, 255 * y, 550))


@case("label_encoding")
def tables2_encoding_spelling_variants(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(1500, rng)
    spelled = np.where(frame["churn"] == 1, rng.choice(["yes", "Yes", "yes "], 1500), rng.choice(["no", "No"], 1500))
    encoded = OrdinalEncoder().fit_transform(spelled.reshape(-1, 1))[:, 0].astype(int)
    x = frame[["age", "income", "tenure", "calls"]].to_numpy(float)
    monthly = (frame["contract"] == "monthly").to_numpy(float)
    x_train, x_val = standardised(*np.split(np.column_stack([x, monthly]), [1050]))
    train_trainer(x_train, encoded[:1050], x_val, encoded[1050:])


@case("label_encoding")
def tables2_encoding_stars_of_reviews(seed: int) -> None:
    tokens, y = reviews(1400, np.random.default_rng(seed))
    train_text(*cut(tokens, np.where(y == 1, 5, 1), 1000))


@case("label_encoding")
def tables2_encoding_in_percent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1400, rng)
    train_trainer(*cut(x, 100 * y, 1000))


# ---------------------------------------------------------------- gaps


@case("nan_features")
def tables2_gaps_in_the_sensors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1400, rng)
    x[rng.random(x.shape) < 0.01] = np.nan
    train_onecycle(*cut(x, y, 1000))


@case("nan_features")
def tables2_gaps_from_logarithm_of_zero(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(4, (1400, 5))
    y = toss(0.6 * (counts[:, 0] - counts[:, 1]), rng)
    with np.errstate(divide="ignore"):
        x = np.log(counts)
    train_trainer(*cut(x, y, 1000))


@case("nan_features")
def tables2_gaps_from_a_constant_columns_deviation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = vibrations(800, rng)
    x[:, 1] = 0.0
    with np.errstate(invalid="ignore"):
        x = (x - x.mean(axis=(0, 2), keepdims=True)) / x.std(axis=(0, 2), keepdims=True)
    train_waves(*wave_sets(x, y, 550))


# ---------------------------------------------------------------- augmentation


class Augmented(Dataset):
    def __init__(self, x: np.ndarray, y: np.ndarray, kind: str) -> None:
        self.x = torch.as_tensor(x, dtype=torch.float32)
        self.y = torch.as_tensor(y, dtype=torch.float32)
        self.kind = kind

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        x = self.x[i]
        if self.kind == "noise":
            x = x + 14.0 * torch.randn_like(x)
        elif self.kind == "jitter":
            x = x + 0.1 * torch.randn_like(x)
        elif self.kind == "sign":
            x = x * torch.where(torch.rand(len(x)) < 0.5, -1.0, 1.0)
        elif self.kind == "mix":
            x = x[torch.randperm(len(x))]
        elif self.kind == "permute":
            x = x[:, torch.randperm(x.shape[1])]
        elif self.kind == "shift":
            x = torch.roll(x, int(torch.randint(0, x.shape[1], ())), dims=1)
        return x, self.y[i]


@case("augmentation_too_heavy")
def tables2_augmented_with_loud_noise(seed: int) -> None:
    x, y = vibrations(800, np.random.default_rng(seed))
    train_waves(Augmented(x[:550], y[:550], "noise"), as_dataset(x[550:], y[550:]))


@case("augmentation_too_heavy")
def tables2_augmented_by_random_signs(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("breast_cancer", seed)
    Trainer(x_train.shape[1], epochs=30).fit(Augmented(x_train, y_train, "sign"), as_dataset(x_val, y_val))


@case("augmentation_too_heavy")
def tables2_augmented_by_mixing_the_time_steps(seed: int) -> None:
    x, y = vibrations(800, np.random.default_rng(seed))
    train_waves(Augmented(x[:550], y[:550], "permute"), as_dataset(x[550:], y[550:]))


@case("augmentation_too_heavy")
def tables2_augmented_by_mixing_columns(seed: int) -> None:
    x, y = sensors(1200, np.random.default_rng(seed))
    Trainer(8, epochs=30).fit(Augmented(x[:800], y[:800], "mix"), as_dataset(x[800:], y[800:]))


# ---------------------------------------------------------------- nothing is wrong


@case("healthy")
def tables2_fine_customers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train_frame(*halves(customers(1500, rng)), "churn")


@case("healthy")
def tables2_fine_sensors_trainer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train_trainer(*cut(*sensors(1500, rng), 1100))


@case("healthy")
def tables2_fine_sensors_in_split_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train_slices(*cut(*sensors(1500, rng), 1100))


@case("healthy")
def tables2_fine_vibrations(seed: int) -> None:
    train_waves(*wave_sets(*vibrations(900, np.random.default_rng(seed)), 600))


@case("healthy")
def tables2_fine_vibrations_rolled_and_jittered(seed: int) -> None:
    x, y = vibrations(800, np.random.default_rng(seed))
    train_waves(Augmented(x[:550], y[:550], "shift"), as_dataset(x[550:], y[550:]))


@case("healthy")
def tables2_fine_cancer_with_light_jitter(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("breast_cancer", seed)
    Trainer(x_train.shape[1], epochs=30).fit(Augmented(x_train, y_train, "jitter"), as_dataset(x_val, y_val))


@case("healthy")
def tables2_fine_baskets(seed: int) -> None:
    train_entities(*parted(baskets(1900, np.random.default_rng(seed)), 1400))


@case("healthy")
def tables2_fine_reviews(seed: int) -> None:
    tokens, y = reviews(1600, np.random.default_rng(seed), pull=4.5)
    train_text(*cut(tokens, y, 1200))


@case("healthy")
def tables2_fine_demand_split_by_time(seed: int) -> None:
    x, y = windows(demand(1500, np.random.default_rng(seed)))
    train_forecaster(*cut(x, y, 1050))


@case("healthy")
def tables2_fine_hard_credit(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("credit_data", seed)
    names = [f"c{i}" for i in range(x_train.shape[1])]
    train, valid = pd.DataFrame(x_train, columns=names), pd.DataFrame(x_val, columns=names)
    train_frame(train.assign(late=y_train), valid.assign(late=y_val), "late")


@case("healthy")
def tables2_fine_hard_but_honest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2100, 5))
    train_slices(*cut(x, toss(0.9 * x[:, 0] - 0.5 * x[:, 1], rng), 1500))


@case("healthy")
def tables2_fine_hard_two_logits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2300, 4))
    train_onecycle(*cut(x, toss(1.2 * x[:, 0] - 0.5 * x[:, 1], rng), 1600))


@case("healthy")
def tables2_fine_rare_churn_ranked(seed: int) -> None:
    frame = customers(2600, np.random.default_rng(seed), base=-3.6)
    train_frame(*halves(frame), "churn")


@case("healthy")
def tables2_fine_rare_baskets_with_tuned_cut(seed: int) -> None:
    train_entities(*parted(baskets(2400, np.random.default_rng(seed), base=-4.0), 1700))


@case("healthy")
def tables2_fine_hypothyroid_frame(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("hypothyroid", seed, raw=True)
    names = [f"c{i}" for i in range(x_train.shape[1])]
    train, valid = pd.DataFrame(x_train, columns=names), pd.DataFrame(x_val, columns=names)
    train_frame(train.assign(ill=y_train), valid.assign(ill=y_val), "ill")


@case("healthy")
def tables2_fine_few_iris(seed: int) -> None:
    x, y = load_iris(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, (y == 1).astype(int), test_size=0.4, random_state=seed)
    x_train, x_val = standardised(x_train, x_val)
    Trainer(4, epochs=150, patience=30).fit(as_dataset(x_train, y_train), as_dataset(x_val, y_val))


@case("healthy")
def tables2_fine_few_wines(seed: int) -> None:
    x, y = load_wine(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, (y == 0).astype(int), test_size=0.4, random_state=seed)
    x_train, x_val = standardised(x_train, x_val)
    Trainer(13, epochs=80, patience=80).fit(as_dataset(x_train, y_train), as_dataset(x_val, y_val))


@case("healthy")
def tables2_fine_sparse_one_hots(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = np.stack([rng.integers(0, size, 2000) for size in (20, 15, 10)], axis=1)
    effects = [np.random.default_rng(size).normal(scale=1.5, size=size) for size in (20, 15, 10)]
    y = toss(1.3 * sum(effect[codes[:, i]] for i, effect in enumerate(effects)), rng)
    encoder = OneHotEncoder(sparse_output=False).fit(codes)
    train_trainer(*cut(encoder.transform(codes), y, 1400))


@case("healthy")
def tables2_fine_correlated_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(1800, 4))
    x = np.hstack([base + 0.05 * rng.normal(size=base.shape) for _ in range(4)])
    y = toss(3 * base[:, 0] - 2.5 * base[:, 1] + 2 * base[:, 2], rng)
    train_onecycle(*cut(x, y, 1300))


@case("healthy")
def tables2_fine_constant_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    x = np.hstack([x, np.full((1500, 2), [3.0, 0.0])])
    x_train, x_val = standardised(x[:1100], x[1100:])
    train_slices(x_train, y[:1100], x_val, y[1100:])


@case("healthy")
def tables2_fine_copies_within_training(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x_train, y_train, x_val, y_val = cut(*sensors(1500, rng), 1000)
    again = np.concatenate([np.arange(1000), rng.integers(0, 1000, 250)])
    train_trainer(x_train[again], y_train[again], x_val, y_val)


@case("healthy")
def tables2_fine_oversampled_after_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1500, 6))
    x_train, y_train, x_val, y_val = cut(x, toss(2 * x[:, 0] - 1.5 * x[:, 1] - 2.0, rng), 900)
    rare = np.flatnonzero(y_train == 1)
    again = np.concatenate([np.arange(900), rng.choice(rare, 900 - 2 * len(rare))])
    train_trainer(x_train[again], y_train[again], x_val, y_val)


@case("healthy")
def tables2_fine_mild_drift(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1700, rng)
    score_free = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    x = x + 0.25 * np.linspace(0, 1, 1700)[:, None] * score_free
    train_trainer(*cut(x, y, 1200))


@case("healthy")
def tables2_fine_sorted_file_shuffled_by_loader(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("moons", seed)
    order = np.argsort(y_train, kind="stable")
    train_trainer(x_train[order], y_train[order], x_val, y_val)


@case("healthy")
def tables2_fine_sorted_spam_shuffled_by_loader(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("spambase", seed)
    order = np.argsort(y_train, kind="stable")
    train_onecycle(x_train[order], y_train[order], x_val, y_val)


@case("healthy")
def tables2_fine_four_percent_wrong_labels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1700, rng)
    train_trainer(*cut(x, flipped(y, 0.04, rng), 1200))


@case("healthy")
def tables2_fine_three_percent_wrong_waves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = vibrations(900, rng)
    train_waves(*wave_sets(x, flipped(y, 0.03, rng), 600))


@case("healthy")
def tables2_fine_many_noise_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2000, 40))
    train_trainer(*cut(x, toss(3 * x[:, 0] - 3 * x[:, 1] + 2 * x[:, 2], rng), 1500))


@case("healthy")
def tables2_fine_separable(seed: int) -> None:
    x, y = make_classification(1200, 10, n_informative=6, class_sep=3.0, flip_y=0, random_state=seed)
    train_onecycle(*cut(StandardScaler().fit_transform(x), y, 800))


@case("healthy")
def tables2_fine_heavy_tails_ranked(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1600, rng)
    x = np.sinh(3 * x)
    ranks = QuantileTransformer(n_quantiles=200, output_distribution="normal", random_state=0).fit(x[:1100])
    train_slices(ranks.transform(x[:1100]), y[:1100], ranks.transform(x[1100:]), y[1100:])


@case("healthy")
def tables2_fine_gaps_with_flags(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(2100, rng)
    x[rng.random(x.shape) < 0.06] = np.nan
    filler = SimpleImputer(strategy="mean", add_indicator=True).fit(x[:1500])
    x_train, x_val = standardised(filler.transform(x[:1500]), filler.transform(x[1500:]))
    train_slices(x_train, y[:1500], x_val, y[1500:])


@case("healthy")
def tables2_fine_gaps_in_the_frame(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = customers(1600, rng)
    frame["income"] = frame["income"].mask(rng.random(1600) < 0.15)
    frame["age"] = frame["age"].mask(rng.random(1600) < 0.1)
    train_frame(*halves(frame), "churn")


@case("healthy")
def tables2_fine_patients_split_by_patient(seed: int) -> None:
    rng = np.random.default_rng(seed)
    person = rng.normal(size=(400, 6))
    ill = toss(3 * person[:, 0] - 2 * person[:, 1], rng)
    who = np.repeat(np.arange(400), 4)
    x, y = person[who] + 0.4 * rng.normal(size=(1600, 6)), ill[who]
    train_rows, val_rows = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(x, y, who))
    train_trainer(x[train_rows], y[train_rows], x[val_rows], y[val_rows])


@case("healthy")
def tables2_fine_validation_of_another_prevalence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, valid = halves(customers(2000, rng))
    valid = valid[(valid["churn"] == 1) | (rng.random(len(valid)) < 0.5)]
    train_frame(train, valid, "churn")


@case("healthy")
def tables2_fine_tiny_validation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train_trainer(*cut(*sensors(1240, rng), 1200))


@case("healthy")
def tables2_fine_whole_numbers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = rng.integers(-2, 3, (1900, 6))
    y = toss(answers[:, :4] @ np.array([1.2, -1.0, 0.8, -0.8]), rng)
    train_slices(*cut(answers, y, 1400))


@case("healthy")
def tables2_fine_skewed_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.8, 6, (1700, 6))
    counts = np.log1p(rng.poisson(rates))
    y = toss(2.0 * (counts[:, 0] - counts[:, 1]) + counts[:, 2] - 1.4, rng)
    x_train, x_val = standardised(counts[:1200], counts[1200:])
    train_onecycle(x_train, y[:1200], x_val, y[1200:])


@case("healthy")
def tables2_fine_hours_as_a_circle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hour, day = rng.integers(0, 24, 1700), rng.integers(0, 7, 1700)
    y = toss(4 * np.cos(2 * np.pi * (hour - 22) / 24) + 1.5 * (day >= 5) - 0.5, rng)
    turns = np.stack([2 * np.pi * hour / 24, 2 * np.pi * day / 7], axis=1)
    train_trainer(*cut(np.hstack([np.sin(turns), np.cos(turns)]), y, 1200))


@case("healthy")
def tables2_fine_digits_low_or_high(seed: int) -> None:
    digits = load_digits()
    y = (digits.target >= 5).astype(int)
    x_train, x_val, y_train, y_val = train_test_split(digits.data / 16, y, test_size=0.3, random_state=seed)
    train_trainer(x_train, y_train, x_val, y_val)


@case("healthy")
def tables2_fine_circles(seed: int) -> None:
    train_onecycle(*arrays("circles", seed))


@case("healthy")
def tables2_fine_clouds(seed: int) -> None:
    train_slices(*arrays("clouds", seed))
