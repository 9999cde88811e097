"""Sane training scripts, each given many tables: some sound, some broken in one way."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

Array = np.ndarray
Rng = np.random.Generator
Result = tuple[list[float], Array]  # validation losses, last validation scores

# ---------------------------------------------------------------- the training scripts


def train_prepared(
    x_train: Array, y_train: Array, x_val: Array, y_val: Array, epochs: int = 20, width: int = 32, decay: float = 0.0
) -> Result:
    """Impute and scale, then an MLP; batches by hand."""
    prepare = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    x = torch.tensor(prepare.fit_transform(x_train), dtype=torch.float32)
    xv = torch.tensor(prepare.transform(x_val), dtype=torch.float32)
    y = torch.tensor(y_train, dtype=torch.float32)
    yv = torch.tensor(y_val, dtype=torch.float32)
    model = nn.Sequential(
        nn.Linear(x.shape[1], width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=decay)
    loss_fn = nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for start in range(0, len(x), 32):
            rows = order[start : start + 32]
            optimizer.zero_grad()
            loss = loss_fn(model(x[rows]).squeeze(1), y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(loss_fn(model(xv).squeeze(1), yv).item())
    with torch.no_grad():
        scores = torch.sigmoid(model(xv)).squeeze(1).numpy()
    print("validation accuracy:", ((scores > 0.5) == (y_val > 0.5)).mean())
    return losses, scores


def train_loader(
    x_train: Array,
    y_train: Array,
    x_val: Array,
    y_val: Array,
    epochs: int = 20,
    width: int = 32,
    augment: Callable[[Tensor], Tensor] | None = None,
) -> Result:
    """A module of its own, DataLoader, BCEWithLogitsLoss; features as they come."""

    class Net(nn.Module):
        def __init__(self, columns: int) -> None:
            super().__init__()
            self.first = nn.Linear(columns, width)
            self.second = nn.Linear(width, width)
            self.drop = nn.Dropout(0.1)
            self.out = nn.Linear(width, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(torch.relu(self.first(x)))
            return self.out(torch.relu(self.second(x)))

    train_set = TensorDataset(torch.from_numpy(x_train).float(), torch.from_numpy(y_train).float().unsqueeze(1))
    val_set = TensorDataset(torch.from_numpy(x_val).float(), torch.from_numpy(y_val).float().unsqueeze(1))
    train_batches = DataLoader(train_set, batch_size=32, shuffle=True)
    val_batches = DataLoader(val_set, batch_size=256)
    net = Net(x_train.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    losses, scores, right = [], [], 0
    for _ in range(epochs):
        net.train()
        for xb, yb in train_batches:
            if augment is not None:
                xb = augment(xb)
            optimizer.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            optimizer.step()
        net.eval()
        total, right, scores = 0.0, 0, []
        with torch.no_grad():
            for xb, yb in val_batches:
                out = net(xb)
                total += criterion(out, yb).item() * len(xb)
                right += ((out > 0).float() == yb).sum().item()
                scores.append(torch.sigmoid(out).squeeze(1))
        losses.append(total / len(val_set))
    print(f"accuracy {right / len(val_set):.3f}")
    return losses, torch.cat(scores).numpy()


def train_two_logits(
    x_train: Array, y_train: Array, x_val: Array, y_val: Array, epochs: int = 20, width: int = 48
) -> Result:
    """Batch norm, two outputs and cross entropy, AdamW with a cosine; features as they come."""
    x, xv = torch.as_tensor(x_train).float(), torch.as_tensor(x_val).float()
    y, yv = torch.as_tensor(y_train).long(), torch.as_tensor(y_val).long()
    model = nn.Sequential(
        nn.Linear(x.shape[1], width),
        nn.BatchNorm1d(width),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Linear(width, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Linear(16, 2),
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs, eta_min=1e-4)
    loader = DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True, drop_last=True)
    losses = []
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            loss = F.cross_entropy(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            losses.append(F.cross_entropy(model(xv), yv).item())
    with torch.no_grad():
        logits = model(xv)
    print("acc", (logits.argmax(dim=1) == yv).float().mean().item())
    return losses, logits.softmax(dim=1)[:, 1].numpy()


def train_in_order(
    x_train: Array, y_train: Array, x_val: Array, y_val: Array, epochs: int = 25, width: int = 24
) -> Result:
    """Batches are slices in row order; sigmoid and BCELoss, SGD with momentum; features as they come."""
    inputs, targets = torch.tensor(x_train).float(), torch.tensor(y_train).float().view(-1, 1)
    inputs_val, targets_val = torch.tensor(x_val).float(), torch.tensor(y_val).float().view(-1, 1)
    net = nn.Sequential(
        nn.Linear(inputs.shape[1], width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)
    )
    net.append(nn.Sigmoid())
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(epochs):
        for i in range(0, len(inputs), 40):
            sgd.zero_grad()
            loss = bce(net(inputs[i : i + 40]), targets[i : i + 40])
            loss.backward()
            sgd.step()
        with torch.no_grad():
            losses.append(bce(net(inputs_val), targets_val).item())
    with torch.no_grad():
        p = net(inputs_val)
    print(f"val acc {((p > 0.5).float() == targets_val).float().mean():.3f}")
    return losses, p.squeeze(1).numpy()


def train_cnn(
    x_train: Array,
    y_train: Array,
    x_val: Array,
    y_val: Array,
    epochs: int = 8,
    augment: Callable[[Tensor], Tensor] | None = None,
) -> Result:
    """A small CNN on images [rows, height, width]."""

    class Cnn(nn.Module):
        def __init__(self, side: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.fc = nn.Linear(16 * (side // 4) ** 2, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    images = torch.from_numpy(x_train).float().unsqueeze(1)
    labels = torch.from_numpy(y_train).float()
    images_val = torch.from_numpy(x_val).float().unsqueeze(1)
    labels_val = torch.from_numpy(y_val).float()
    model = Cnn(images.shape[-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(images, labels), batch_size=32, shuffle=True)
    losses = []
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb if augment is None else augment(xb)), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(F.binary_cross_entropy_with_logits(model(images_val), labels_val).item())
    with torch.no_grad():
        scores = torch.sigmoid(model(images_val)).numpy()
    print("accuracy on validation images", np.mean((scores >= 0.5) == (y_val == 1)))
    return losses, scores


def train_gru(
    x_train: Array,
    y_train: Array,
    x_val: Array,
    y_val: Array,
    epochs: int = 12,
    augment: Callable[[Tensor], Tensor] | None = None,
) -> Result:
    """A GRU on sequences [rows, steps, channels]."""

    class Recurrent(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.gru = nn.GRU(channels, 16, batch_first=True)
            self.head = nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            _, last = self.gru(x)
            return self.head(last[-1])

    model = Recurrent(x_train.shape[2])
    x, y = torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train, dtype=torch.long)
    xv, yv = torch.tensor(x_val, dtype=torch.float32), torch.tensor(y_val, dtype=torch.long)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    criterion = nn.CrossEntropyLoss()
    losses = []
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(32):
            batch = x[rows] if augment is None else augment(x[rows])
            loss = criterion(model(batch), y[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        with torch.no_grad():
            losses.append(criterion(model(xv), yv).item())
    with torch.no_grad():
        predicted = model(xv)
    print("val accuracy:", (predicted.argmax(1) == yv).float().mean().item())
    return losses, predicted.softmax(1)[:, 1].numpy()


def train_conv1d(
    x_train: Array,
    y_train: Array,
    x_val: Array,
    y_val: Array,
    epochs: int = 15,
    augment: Callable[[Tensor], Tensor] | None = None,
) -> Result:
    """A 1-d convolution on sequences [rows, steps, channels], with a loss written by hand."""
    net = nn.Sequential(
        nn.Conv1d(x_train.shape[2], 12, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(12, 12, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveMaxPool1d(2),
        nn.Flatten(),
        nn.Linear(24, 1),
    )
    x, xv = (torch.tensor(part.transpose(0, 2, 1)).float() for part in (x_train, x_val))
    y, yv = torch.tensor(y_train).float()[:, None], torch.tensor(y_val).float()[:, None]

    def bce(logit: Tensor, target: Tensor) -> Tensor:
        return (F.softplus(logit) - target * logit).mean()

    optimizer = torch.optim.RMSprop(net.parameters(), lr=2e-3)
    losses = []
    for _ in range(epochs):
        shuffled = torch.randperm(len(x))
        for start in range(0, len(x), 32):
            rows = shuffled[start : start + 32]
            batch = x[rows] if augment is None else augment(x[rows])
            optimizer.zero_grad()
            loss = bce(net(batch), y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(bce(net(xv), yv).item())
    with torch.no_grad():
        logits = net(xv)
    print("validation:", ((logits > 0) == (yv > 0.5)).float().mean().item())
    return losses, torch.sigmoid(logits).squeeze(1).numpy()


def train_embedding(
    codes_train: Array,
    numbers_train: Array,
    y_train: Array,
    codes_val: Array,
    numbers_val: Array,
    y_val: Array,
    epochs: int = 20,
) -> Result:
    """An embedding for each column of codes, beside scaled numbers."""

    class Table(nn.Module):
        def __init__(self, sizes: list[int], numbers: int) -> None:
            super().__init__()
            self.tables = nn.ModuleList([nn.Embedding(size, 4) for size in sizes])
            self.hidden = nn.Linear(4 * len(sizes) + numbers, 32)
            self.out = nn.Linear(32, 1)

        def forward(self, codes: Tensor, numbers: Tensor) -> Tensor:
            parts = [table(codes[:, i]) for i, table in enumerate(self.tables)]
            return self.out(F.relu(self.hidden(torch.cat([*parts, numbers], dim=1))))[:, 0]

    scaler = StandardScaler().fit(numbers_train)
    sizes = [int(size) + 1 for size in np.maximum(codes_train.max(axis=0), codes_val.max(axis=0))]
    train_set = TensorDataset(
        torch.tensor(codes_train).long(),
        torch.tensor(scaler.transform(numbers_train)).float(),
        torch.tensor(y_train).float(),
    )
    cv, nv = torch.tensor(codes_val).long(), torch.tensor(scaler.transform(numbers_val)).float()
    yv = torch.tensor(y_val).float()
    model = Table(sizes, numbers_train.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    losses = []
    for _ in range(epochs):
        for codes, numbers, labels in DataLoader(train_set, batch_size=40, shuffle=True):
            optimizer.zero_grad(set_to_none=True)
            F.binary_cross_entropy_with_logits(model(codes, numbers), labels).backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(F.binary_cross_entropy_with_logits(model(cv, nv), yv).item())
    with torch.no_grad():
        scores = torch.sigmoid(model(cv, nv)).numpy()
    print("accuracy", np.mean((scores > 0.5) == (y_val > 0.5)))
    return losses, scores


def train_mixed(
    words_train: Array,
    numbers_train: Array,
    y_train: Array,
    words_val: Array,
    numbers_val: Array,
    y_val: Array,
    epochs: int = 20,
) -> Result:
    """One-hot words and scaled numbers by a ColumnTransformer, then an MLP."""
    words, columns = words_train.shape[1], words_train.shape[1] + numbers_train.shape[1]
    prepare = ColumnTransformer(
        [
            ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), list(range(words))),
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), list(range(words, columns))),
        ]
    )
    table = np.hstack([words_train.astype(object), numbers_train.astype(object)])
    table_val = np.hstack([words_val.astype(object), numbers_val.astype(object)])
    x = torch.from_numpy(prepare.fit_transform(table).astype(np.float32))
    xv = torch.from_numpy(prepare.transform(table_val).astype(np.float32))
    y, yv = torch.from_numpy(y_train.astype(np.float32)), torch.from_numpy(y_val.astype(np.float32))
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.LeakyReLU(), nn.Dropout(0.2), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(epochs):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.inference_mode():
            logits = model(xv)
            losses.append(loss_fn(logits, yv).item())
    print("val acc", ((logits > 0).numpy() == (y_val > 0.5)).mean())
    return losses, torch.sigmoid(logits).numpy()


# ---------------------------------------------------------------- the tables


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def loans(n: int, rng: Rng, sharp: float = 3.0, bias: float = 0.0) -> tuple[Array, Array]:
    """Age, income, debt, years in the job, late payments, owner."""
    age = rng.normal(44, 11, n).clip(19, 80)
    income = rng.lognormal(10.4, 0.45, n)
    debt = income * rng.gamma(2.0, 0.2, n)
    years = rng.exponential(6, n)
    late = rng.poisson(0.8, n)
    owner = (rng.random(n) < 0.4).astype(float)
    z = 2.5 * (debt / income - 0.4) + 0.9 * (late - 0.8) - 0.08 * (years - 6) - 0.6 * (owner - 0.4)
    z -= 0.02 * (age - 44) + 0.8 * (np.log(income) - 10.4)
    y = rng.random(n) < sigmoid(sharp * z + bias)
    return np.column_stack([age, income, debt, years, late, owner]), y.astype(float)


def sensors(n: int, rng: Rng, noise: float = 0.15, extra: int = 3) -> tuple[Array, Array]:
    """Standard normal columns; the label depends on them in a bent way."""
    x = rng.normal(size=(n, 4 + extra))
    z = 1.2 * x[:, 0] + x[:, 1] * x[:, 0] + np.sin(2 * x[:, 2]) + 0.6 * (x[:, 3] ** 2 - 1)
    return x, (z + noise * rng.normal(size=n) > 0).astype(float)


def rings(n: int, rng: Rng, extra: int = 2) -> tuple[Array, Array]:
    """An inner disc and an outer ring, with columns of noise."""
    y = (rng.random(n) < 0.5).astype(float)
    radius = np.where(y == 1, rng.normal(2.0, 0.25, n), rng.normal(0.8, 0.3, n))
    angle = rng.uniform(0, 2 * np.pi, n)
    plane = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return np.hstack([plane, rng.normal(size=(n, extra))]), y


def blobs(n: int, rng: Rng, gap: float = 1.0, columns: int = 8, rate: float = 0.5) -> tuple[Array, Array]:
    """Two normal clouds whose means differ a little in each column."""
    y = (rng.random(n) < rate).astype(float)
    return rng.normal(size=(n, columns)) + gap * (y[:, None] - 0.5), y


def shop(n: int, rng: Rng, sharp: float = 1.5) -> tuple[Array, Array, Array]:
    """Codes of city, product and weekday, beside three numbers."""
    codes = np.column_stack([rng.integers(0, k, n) for k in (12, 8, 7)])
    numbers = np.column_stack([rng.gamma(2, 20, n), rng.normal(3, 1, n), rng.poisson(4, n)])
    city = np.array([1.5, -1, 0.5, -1.8, 1, -0.5, 1.7, -1.2, 0.3, -0.2, 0.9, -1.3])
    product = np.array([1, -1.2, 0.6, -0.4, 1.4, -1, 0.2, -0.6])
    z = city[codes[:, 0]] + product[codes[:, 1]] + 0.7 * (numbers[:, 1] - 3) + 0.02 * (numbers[:, 0] - 40)
    return codes, numbers, (rng.random(n) < sigmoid(sharp * z)).astype(float)


def bars(n: int, rng: Rng, noise: float = 0.35, size: int = 12) -> tuple[Array, Array]:
    """A lying or a standing bar in a noisy image."""
    y = (rng.random(n) < 0.5).astype(float)
    x = noise * rng.normal(size=(n, size, size))
    for i in range(n):
        row, column = rng.integers(1, size - 6, 2)
        if y[i] == 1:
            x[i, row : row + 5, column + 2] += 1
        else:
            x[i, row + 2, column : column + 5] += 1
    return x, y


def wedges(n: int, rng: Rng, noise: float = 0.4, size: int = 12) -> tuple[Array, Array]:
    """A wedge that points to the left or to the right."""
    y = (rng.random(n) < 0.5).astype(float)
    x = noise * rng.normal(size=(n, size, size))
    for i in range(n):
        row, column = rng.integers(0, size - 6), rng.integers(0, size - 3)
        wedge = np.zeros((7, 4))
        for k in range(4):
            wedge[3 - k : 4 + k, k] = 1
        x[i, row : row + 7, column : column + 4] += wedge if y[i] == 1 else wedge[:, ::-1]
    return x, y


def slopes(n: int, rng: Rng, slope: float = 1.0, steps: int = 16, channels: int = 2) -> tuple[Array, Array]:
    """Noisy series that rise or fall in the first channel."""
    y = (rng.random(n) < 0.5).astype(float)
    time = np.linspace(-1, 1, steps)
    x = rng.normal(size=(n, steps, channels)) * 0.8
    x[:, :, 0] += slope * (2 * y[:, None] - 1) * time + rng.normal(size=(n, 1)) * 0.5
    return x, y


def pulses(n: int, rng: Rng, height: float = 2.2, steps: int = 24) -> tuple[Array, Array]:
    """Series with a fast or a slow ripple somewhere."""
    y = (rng.random(n) < 0.5).astype(float)
    x = rng.normal(size=(n, steps, 1)) * 0.6
    for i in range(n):
        start = rng.integers(0, steps - 10)
        period = 3 if y[i] == 1 else 8
        x[i, start : start + 10, 0] += height * 0.7 * np.sin(2 * np.pi * np.arange(10) / period)
    return x, y


def digits(which: tuple[int, int] | None, seed: int) -> tuple[Array, Array]:
    """Digits [rows, 8, 8] in 0..1, shuffled: of two kinds, or odd against even."""
    images, target = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8) / 16
    if which is not None:
        kept = np.isin(target, which)
        images, target = images[kept], target[kept] == which[1]
    order = np.random.default_rng(seed).permutation(len(target))
    return images[order], (target[order] % 2).astype(float)


def cancer(seed: int) -> tuple[Array, Array]:
    x, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(y))
    return x[order], y[order].astype(float)


def scaled(x_train: Array, x_val: Array) -> tuple[Array, Array]:
    scaler = StandardScaler().fit(x_train)
    return scaler.transform(x_train), scaler.transform(x_val)


def flipped(y: Array, share: float, rng: Rng) -> Array:
    return np.where(rng.random(len(y)) < share, 1 - y, y)


# ---------------------------------------------------------------- wrong labels


@case("label_noise")
def rings_with_a_fifth_of_labels_wrong(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rings(1200, rng)
    y = flipped(y, 0.2, rng)
    train_loader(x[:900], y[:900], x[900:], y[900:])


@case("label_noise")
def sensors_with_30_percent_wrong_in_training(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1600, rng)
    train_prepared(x[:1200], flipped(y[:1200], 0.3, rng), x[1200:], y[1200:])


@case("label_noise")
def cancer_with_40_percent_wrong_in_training(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = cancer(seed)
    x_train, x_val = scaled(x[:420], x[420:])
    train_two_logits(x_train, flipped(y[:420], 0.4, rng), x_val, y[420:])


@case("label_noise")
def loans_where_half_of_the_defaults_were_not_entered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = loans(1600, rng, sharp=8.0)
    y_train = np.where((y[:1200] == 1) & (rng.random(1200) < 0.5), 0.0, y[:1200])
    train_prepared(x[:1200], y_train, x[1200:], y[1200:])


@case("label_noise")
def digits_labelled_in_a_hurry(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = digits(None, seed)
    y = flipped(y, 0.25, rng)
    train_cnn(x[:1300], y[:1300], x[1300:], y[1300:])


@case("label_noise")
def slopes_with_35_percent_wrong(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = slopes(1000, rng, slope=2.0)
    train_gru(x[:700], flipped(y[:700], 0.35, rng), x[700:], y[700:])


@case("label_noise")
def blobs_with_30_percent_wrong_everywhere(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1500, rng, gap=1.8)
    y = flipped(y, 0.3, rng)
    train_in_order(x[:1000], y[:1000], x[1000:], y[1000:], epochs=15)


@case("label_noise")
def shop_with_30_percent_wrong_in_training(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, numbers, y = shop(1700, rng, sharp=6.0)
    words, y_train = np.char.add("k", codes.astype(str)), flipped(y[:1200], 0.3, rng)
    train_mixed(words[:1200], numbers[:1200], y_train, words[1200:], numbers[1200:], y[1200:], epochs=12)


# ---------------------------------------------------------------- labels beside other rows


@case("labels_misaligned")
def cancer_labels_one_row_late(seed: int) -> None:
    x, y = cancer(seed)
    y = np.roll(y, 1)
    train_prepared(x[:420], y[:420], x[420:], y[420:], epochs=12)


@case("labels_misaligned")
def sensor_labels_one_row_early_in_training(seed: int) -> None:
    x, y = sensors(1400, np.random.default_rng(seed))
    y_train = np.append(y[1:1000], y[0])
    train_in_order(x[:1000], y_train, x[1000:], y[1000:])


@case("labels_misaligned")
def loans_after_a_row_was_dropped_from_the_features(seed: int) -> None:
    x, y = loans(1500, np.random.default_rng(seed), sharp=8.0)
    x_train, y_train = np.delete(x[:1101], 250, axis=0), y[:1100]
    train_prepared(x_train, y_train, x[1101:], y[1101:], epochs=12)


@case("labels_misaligned")
def features_sorted_by_a_column_without_labels(seed: int) -> None:
    x, y = rings(1400, np.random.default_rng(seed))
    x_train = x[:1000][np.argsort(x[:1000, 0])]
    train_loader(x_train, y[:1000], x[1000:], y[1000:], epochs=12)


@case("labels_misaligned")
def digit_images_shuffled_without_labels(seed: int) -> None:
    x, y = digits((3, 8), seed)
    images = np.random.default_rng(seed).permutation(x[:260])
    train_cnn(images, y[:260], x[260:], y[260:], epochs=10)


@case("labels_misaligned")
def labels_read_from_the_end(seed: int) -> None:
    x, y = blobs(1200, np.random.default_rng(seed), gap=1.5)
    train_two_logits(x[:900], y[:900][::-1].copy(), x[900:], y[900:], epochs=12)


@case("labels_misaligned")
def slope_labels_three_rows_late(seed: int) -> None:
    x, y = slopes(1000, np.random.default_rng(seed), slope=1.8)
    y = np.roll(y, 3)
    train_gru(x[:750], y[:750], x[750:], y[750:], epochs=8)


@case("labels_misaligned")
def second_file_in_another_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1600, rng, noise=0.05)
    y[500:1200] = rng.permutation(y[500:1200])
    train_prepared(x[:1200], y[:1200], x[1200:], y[1200:])


@case("labels_misaligned")
def labels_sorted_by_accident(seed: int) -> None:
    x, y = blobs(1300, np.random.default_rng(seed), gap=1.3)
    train_loader(x[:1000], np.sort(y[:1000]), x[1000:], y[1000:], epochs=10)


# ---------------------------------------------------------------- hardly a signal


@case("weak_signal")
def numbers_without_any_signal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(1500, 10)), (rng.random(1500) < 0.5).astype(float)
    train_prepared(x[:1100], y[:1100], x[1100:], y[1100:], epochs=6)


@case("weak_signal")
def images_without_any_signal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, _ = bars(1000, rng)
    y = (rng.random(1000) < 0.45).astype(float)
    train_cnn(x[:700], y[:700], x[700:], y[700:], epochs=6)


@case("weak_signal")
def shop_where_customers_toss_a_coin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, numbers, y = shop(1600, rng)
    y = rng.permutation(y)
    train_embedding(codes[:1200], numbers[:1200], y[:1200], codes[1200:], numbers[1200:], y[1200:], epochs=6)


@case("weak_signal")
def loans_that_say_little(seed: int) -> None:
    x, y = loans(2000, np.random.default_rng(seed), sharp=0.15)
    x_train, x_val = scaled(x[:1400], x[1400:])
    train_loader(x_train, y[:1400], x_val, y[1400:], epochs=6)


@case("weak_signal")
def slopes_drowned_in_noise(seed: int) -> None:
    x, y = slopes(1400, np.random.default_rng(seed), slope=0.06)
    train_conv1d(x[:1000], y[:1000], x[1000:], y[1000:], epochs=6)


@case("weak_signal")
def diabetes_from_age_and_sex_alone(seed: int) -> None:
    x, target = load_diabetes(return_X_y=True)
    y = (target > np.median(target)).astype(float)
    x_train, x_val, y_train, y_val = train_test_split(x[:, :2], y, test_size=0.3, random_state=seed)
    train_prepared(x_train, y_train, x_val, y_val, epochs=10, width=8)


# ---------------------------------------------------------------- validation rows in training, answers in columns


@case("data_leakage")
def all_validation_rows_in_training_too(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(700, rng, noise=1.0, extra=12)
    order = rng.permutation(700)
    train_loader(x[order], y[order], x[500:], y[500:], epochs=40, width=64)


@case("data_leakage")
def half_of_the_validation_rows_in_training_too(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(800, rng, gap=0.3, columns=14)
    x_train, y_train = np.vstack([x[:600], x[600:700]]), np.append(y[:600], y[600:700])
    train_prepared(x_train, y_train, x[600:], y[600:], epochs=30, width=64)


@case("data_leakage")
def measured_twice_and_split_by_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(400, rng, gap=0.4, columns=16)
    x = np.vstack([x, x + 0.02 * rng.normal(size=x.shape)])
    x_train, x_val, y_train, y_val = train_test_split(x, np.append(y, y), test_size=0.25, random_state=seed)
    train_two_logits(x_train, y_train, x_val, y_val, epochs=40)


@case("data_leakage")
def rare_rows_oversampled_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = loans(1000, rng, sharp=1.0, bias=-3.0)
    rare = np.flatnonzero(y == 1)
    kept = np.append(np.flatnonzero(y == 0), rng.choice(rare, int((y == 0).sum())))
    x_train, x_val, y_train, y_val = train_test_split(x[kept], y[kept], test_size=0.25, random_state=seed)
    train_prepared(x_train, y_train, x_val, y_val, epochs=30)


@case("data_leakage")
def smote_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1000, rng, gap=0.35, columns=10, rate=0.08)
    rare = x[y == 1]
    made = []
    for _ in range(int((y == 0).sum() - len(rare))):
        one = rare[rng.integers(len(rare))]
        near = rare[np.argsort(((rare - one) ** 2).sum(axis=1))[rng.integers(1, 6)]]
        made.append(one + rng.random() * (near - one))
    x, y = np.vstack([x, made]), np.append(y, np.ones(len(made)))
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.25, random_state=seed, stratify=y)
    train_loader(x_train, y_train, x_val, y_val, epochs=25)


@case("data_leakage")
def images_augmented_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = bars(200, rng, noise=0.9)
    copies = np.concatenate([x + 0.05 * rng.normal(size=x.shape) for _ in range(5)])
    x_train, x_val, y_train, y_val = train_test_split(copies, np.tile(y, 5), test_size=0.25, random_state=seed)
    train_cnn(x_train, y_train, x_val, y_val, epochs=14)


@case("data_leakage")
def trained_on_the_whole_table(seed: int) -> None:
    x, target = load_diabetes(return_X_y=True)
    y = (target > 140).astype(float)
    x = StandardScaler().fit_transform(x)
    _, x_val, _, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    train_loader(x, y, x_val, y_val, epochs=60, width=64)


@case("data_leakage")
def label_left_among_the_features(seed: int) -> None:
    x, y = loans(1400, np.random.default_rng(seed), sharp=1.0)
    table = np.column_stack([x, y])
    train_prepared(table[:1000], y[:1000], table[1000:], y[1000:], epochs=10)


@case("data_leakage")
def reminder_letters_sent_after_the_default(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = loans(1400, rng, sharp=0.8)
    letters = np.where(y == 1, 1 + rng.poisson(2, 1400), rng.random(1400) < 0.01)
    x_train, x_val = scaled(np.column_stack([x, letters])[:1000], np.column_stack([x, letters])[1000:])
    train_loader(x_train, y[:1000], x_val, y[1000:], epochs=12)


@case("data_leakage")
def mean_label_of_each_customer_over_all_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1400, rng, gap=0.3, columns=6)
    customer = rng.integers(0, 900, 1400)
    mean = np.bincount(customer, weights=y, minlength=900) / np.maximum(np.bincount(customer, minlength=900), 1)
    table = np.column_stack([x, mean[customer]])
    train_two_logits(table[:1000], y[:1000], table[1000:], y[1000:], epochs=12)


@case("data_leakage")
def row_number_of_a_table_sorted_by_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1200, rng, gap=0.35, columns=6)
    order = np.argsort(y)
    table = np.column_stack([np.arange(1200), x[order]])
    x_train, x_val, y_train, y_val = train_test_split(table, y[order], test_size=0.25, random_state=seed)
    train_prepared(x_train, y_train, x_val, y_val, epochs=12)


@case("data_leakage")
def outcome_written_in_the_last_step(seed: int) -> None:
    x, y = slopes(1000, np.random.default_rng(seed), slope=0.3)
    x[:, -1, 1] = 2 * y - 1
    train_gru(x[:700], y[:700], x[700:], y[700:], epochs=8)


@case("data_leakage")
def images_with_a_mark_of_the_class(seed: int) -> None:
    x, y = bars(900, np.random.default_rng(seed), noise=1.2)
    x[:, 0, 0] = 3 * y
    train_cnn(x[:650], y[:650], x[650:], y[650:], epochs=10)


# ---------------------------------------------------------------- validation prepared in another way


@case("preprocess_mismatch")
def validation_rows_left_raw(seed: int) -> None:
    x, y = cancer(seed)
    x_train = StandardScaler().fit_transform(x[:420])
    train_loader(x_train, y[:420], x[420:], y[420:], epochs=15)


@case("preprocess_mismatch")
def minmax_fitted_again_without_the_outliers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(1600) < 0.5).astype(float)
    x = rng.normal(size=(1600, 6)) + 1.5 * (y[:, None] - 0.5)
    x[rng.choice(1200, 3, replace=False)] = 12
    x_train, x_val = (MinMaxScaler((-3, 3)).fit_transform(part) for part in (x[:1200], x[1200:]))
    train_in_order(x_train, y[:1200], x_val, y[1200:])


@case("preprocess_mismatch")
def validation_in_other_units(seed: int) -> None:
    x, y = loans(1500, np.random.default_rng(seed), sharp=6.0)
    x_val = x[1100:].copy()
    x_val[:, 1:3] /= 1000
    train_prepared(x[:1100], y[:1100], x_val, y[1100:])


@case("preprocess_mismatch")
def validation_columns_in_other_order(seed: int) -> None:
    x, y = sensors(1500, np.random.default_rng(seed))
    x = x * np.array([1, 2, 3, 1, 5, 1, 4]) + np.array([0, 3, -2, 1, 6, 0, 9])
    train_prepared(x[:1100], y[:1100], x[1100:][:, ::-1], y[1100:])


@case("preprocess_mismatch")
def validation_clipped_to_zero_and_one(seed: int) -> None:
    x, y = sensors(1500, np.random.default_rng(seed))
    train_loader(x[:1100], y[:1100], x[1100:].clip(0, 1), y[1100:], epochs=15)


@case("preprocess_mismatch")
def validation_images_inverted_in_0_to_255(seed: int) -> None:
    x, y = digits((3, 8), seed)
    inverted = 255 * (1 - x[260:])
    train_cnn(x[:260], y[:260], inverted, y[260:], epochs=10)


@case("preprocess_mismatch")
def validation_images_transposed(seed: int) -> None:
    x, y = digits(None, seed)
    train_cnn(x[:1300], y[:1300], x[1300:].transpose(0, 2, 1), y[1300:])


@case("preprocess_mismatch")
def log_taken_in_training_only(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1500, rng, gap=1.2, columns=6)
    x = np.exp(x)
    scaler = StandardScaler().fit(np.log(x[:1100]))
    train_loader(scaler.transform(np.log(x[:1100])), y[:1100], scaler.transform(x[1100:]), y[1100:])


@case("preprocess_mismatch")
def categories_numbered_anew_in_validation(seed: int) -> None:
    codes, numbers, y = shop(1800, np.random.default_rng(seed), sharp=2.5)
    seen = codes[1300:, 0] > 0
    codes_val, numbers_val, y_val = codes[1300:][seen], numbers[1300:][seen], y[1300:][seen]
    codes_val = np.column_stack([np.unique(column, return_inverse=True)[1] for column in codes_val.T])
    train_embedding(codes[:1300], numbers[:1300], y[:1300], codes_val, numbers_val, y_val)


@case("preprocess_mismatch")
def each_validation_series_scaled_by_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(1000) < 0.5).astype(float)
    x = rng.normal(size=(1000, 16, 1)) * 0.5 + 1.4 * (y[:, None, None] - 0.5)
    x_val = (x[700:] - x[700:].mean(axis=1, keepdims=True)) / x[700:].std(axis=1, keepdims=True)
    train_gru(x[:700], y[:700], x_val, y[700:], epochs=8)


@case("preprocess_mismatch")
def words_in_capitals_in_validation(seed: int) -> None:
    codes, numbers, y = shop(1800, np.random.default_rng(seed), sharp=2.5)
    words = np.char.add("k", codes.astype(str))
    capitals = np.char.upper(words[1300:])
    train_mixed(words[:1300], numbers[:1300], y[:1300], capitals, numbers[1300:], y[1300:], epochs=12)


# ---------------------------------------------------------------- raw scales


@case("unscaled_features")
def one_wide_column_of_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1400, rng)
    x[:, -1] = rng.normal(0, 20000, 1400)
    train_loader(x[:1000], y[:1000], x[1000:], y[1000:])


@case("unscaled_features")
def loans_as_they_are_in_the_file(seed: int) -> None:
    x, y = loans(1400, np.random.default_rng(seed), sharp=6.0)
    train_in_order(x[:1000], y[:1000], x[1000:], y[1000:])


@case("unscaled_features")
def columns_with_a_large_offset(seed: int) -> None:
    x, y = rings(1400, np.random.default_rng(seed))
    x = x + 2000
    train_loader(x[:1000], y[:1000], x[1000:], y[1000:])


@case("unscaled_features")
def columns_of_tiny_scale(seed: int) -> None:
    x, y = sensors(1400, np.random.default_rng(seed))
    x = x * 1e-4
    train_in_order(x[:1000], y[:1000], x[1000:], y[1000:])


@case("unscaled_features")
def columns_with_heavy_tails(seed: int) -> None:
    x, y = sensors(1400, np.random.default_rng(seed))
    x = np.sign(x) * (np.exp(4 * np.abs(x)) - 1)
    train_loader(x[:1000], y[:1000], x[1000:], y[1000:])


@case("unscaled_features")
def timestamps_among_the_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1300, rng, gap=1.0, columns=6)
    table = np.column_stack([1.6e9 + rng.uniform(0, 3e7, 1300), x])
    train_loader(table[:1000], y[:1000], table[1000:], y[1000:])


# ---------------------------------------------------------------- a rare class


@case("imbalance")
def three_percent_of_defaults(seed: int) -> None:
    x, y = blobs(2000, np.random.default_rng(seed), gap=0.6, columns=5, rate=0.03)
    train_prepared(x[:1400], y[:1400], x[1400:], y[1400:], epochs=8)


@case("imbalance")
def rare_slopes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = slopes(4000, rng, slope=0.2)
    kept = (y == 0) | (rng.random(4000) < 0.05)
    x, y = x[kept][:1800], y[kept][:1800]
    train_gru(x[:1200], y[:1200], x[1200:], y[1200:], epochs=6)


@case("imbalance")
def four_percent_of_fraud_in_the_shop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, numbers, y = shop(8000, rng, sharp=0.8)
    kept = np.flatnonzero((y == 0) | (rng.random(8000) < 0.04))[:2400]
    train, val = kept[:1600], kept[1600:]
    train_embedding(codes[train], numbers[train], y[train], codes[val], numbers[val], y[val], epochs=10)


@case("imbalance")
def loans_with_few_defaults(seed: int) -> None:
    x, y = loans(2200, np.random.default_rng(seed), sharp=0.9, bias=-3.9)
    x_train, x_val = scaled(x[:1500], x[1500:])
    train_in_order(x_train, y[:1500], x_val, y[1500:], epochs=10)


# ---------------------------------------------------------------- sorted rows, never shuffled


@case("unshuffled_data")
def blobs_sorted_by_label(seed: int) -> None:
    x, y = blobs(2600, np.random.default_rng(seed), gap=0.4, columns=6)
    order = np.argsort(y[:2000], kind="stable")
    train_in_order(x[:2000][order], y[:2000][order], x[2000:], y[2000:], epochs=20)


@case("unshuffled_data")
def loans_sorted_by_outcome(seed: int) -> None:
    x, y = loans(2400, np.random.default_rng(seed), sharp=1.0)
    x_train, x_val = scaled(x[:1800], x[1800:])
    order = np.argsort(-y[:1800], kind="stable")
    train_in_order(x_train[order], y[:1800][order], x_val, y[1800:], epochs=20)


@case("unshuffled_data")
def files_of_the_classes_one_after_the_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(2000, rng)
    files = [x[:1500][y[:1500] == label] for label in (0, 1)]
    labels = np.repeat([0.0, 1.0], [len(file) for file in files])
    train_in_order(np.vstack(files), labels, x[1500:], y[1500:])


@case("unshuffled_data")
def sensors_sorted_by_their_first_column(seed: int) -> None:
    x, y = sensors(2600, np.random.default_rng(seed))
    order = np.argsort(x[:2000, 0])
    train_in_order(x[:2000][order], y[:2000][order], x[2000:], y[2000:], epochs=20)


# ---------------------------------------------------------------- too few rows for the training they get


@case("overfitting")
def sixty_rows_of_forty_columns(seed: int) -> None:
    x, y = blobs(460, np.random.default_rng(seed), gap=0.35, columns=40)
    train_loader(x[:60], y[:60], x[60:], y[60:], epochs=150, width=128)


@case("overfitting")
def diabetes_learned_by_heart(seed: int) -> None:
    x, target = load_diabetes(return_X_y=True)
    y = (target > np.median(target)).astype(float)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.4, random_state=seed)
    train_prepared(x_train, y_train, x_val, y_val, epochs=120, width=96)


@case("overfitting")
def loans_learned_by_heart(seed: int) -> None:
    x, y = loans(650, np.random.default_rng(seed), sharp=0.8)
    train_prepared(x[:250], y[:250], x[250:], y[250:], epochs=150, width=96)


@case("overfitting")
def first_week_of_the_shop(seed: int) -> None:
    codes, numbers, y = shop(550, np.random.default_rng(seed), sharp=0.8)
    train_embedding(codes[:150], numbers[:150], y[:150], codes[150:], numbers[150:], y[150:], epochs=200)


@case("overfitting")
def few_noisy_slopes(seed: int) -> None:
    x, y = slopes(520, np.random.default_rng(seed), slope=0.35)
    train_gru(x[:120], y[:120], x[120:], y[120:], epochs=60)


# ---------------------------------------------------------------- missing values


@case("nan_features")
def column_with_gaps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = loans(1300, rng, sharp=5.0)
    x[rng.random(1300) < 0.1, 3] = np.nan
    x_train, x_val = scaled(x[:1000], x[1000:])
    train_loader(x_train, y[:1000], x_val, y[1000:], epochs=10)


@case("nan_features")
def one_gap_in_the_whole_table(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = cancer(seed)
    x_train, x_val = scaled(x[:420], x[420:])
    x_train[rng.integers(420), rng.integers(30)] = np.nan
    train_two_logits(x_train, y[:420], x_val, y[420:], epochs=10)


@case("nan_features")
def ratio_of_two_zeros(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bought, seen = rng.poisson(1.5, 1300), rng.poisson(4, 1300)
    y = (rng.random(1300) < sigmoid(1.5 * (bought - 1.5))).astype(float)
    bought = np.minimum(bought, seen)
    with np.errstate(all="ignore"):
        ratio = bought / seen
    x = np.column_stack([(bought - 1.5) / 1.2, (seen - 4) / 2, ratio])
    train_loader(x[:1000], y[:1000], x[1000:], y[1000:], epochs=10)


@case("nan_features")
def series_with_lost_steps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = slopes(800, rng, slope=1.5)
    x[rng.random(x.shape) < 0.01] = np.nan
    train_conv1d(x[:600], y[:600], x[600:], y[600:], epochs=8)


# ---------------------------------------------------------------- codes of the labels


@case("label_encoding")
def classes_named_one_and_two(seed: int) -> None:
    x, y = blobs(1300, np.random.default_rng(seed), gap=1.0)
    y = y + 1
    train_loader(x[:1000], y[:1000], x[1000:], y[1000:])


@case("label_encoding")
def classes_named_minus_one_and_one(seed: int) -> None:
    x, y = sensors(1300, np.random.default_rng(seed))
    y = 2 * y - 1
    train_prepared(x[:1000], y[:1000], x[1000:], y[1000:])


@case("label_encoding")
def masks_of_0_and_255(seed: int) -> None:
    x, y = digits((1, 7), seed)
    y = np.where(y == 1, 255.0, 0.0)
    train_cnn(x[:260], y[:260], x[260:], y[260:])


@case("label_encoding")
def labels_scaled_with_the_features(seed: int) -> None:
    x, y = loans(1400, np.random.default_rng(seed), sharp=5.0)
    table = StandardScaler().fit_transform(np.column_stack([x, y]))
    x, y = table[:, :-1], table[:, -1]
    train_prepared(x[:1000], y[:1000], x[1000:], y[1000:])


@case("label_encoding")
def wine_with_its_own_numbers(seed: int) -> None:
    x, target = load_wine(return_X_y=True)
    kept = target > 0
    x_train, x_val, y_train, y_val = train_test_split(x[kept], target[kept], test_size=0.35, random_state=seed)
    train_prepared(x_train, y_train, x_val, y_val, epochs=40)


# ---------------------------------------------------------------- one class only


@case("labels_single_class")
def first_rows_of_a_sorted_table(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1600, rng, gap=1.0, rate=0.3)
    order = np.argsort(y, kind="stable")
    train_two_logits(x[order][:1000], y[order][:1000], x[order][1000:], y[order][1000:], epochs=10)


@case("labels_single_class")
def yes_spelt_otherwise(seed: int) -> None:
    x, y = loans(1300, np.random.default_rng(seed), sharp=5.0)
    answers = np.where(y == 1, "yes", "no")
    y = (answers == "Yes").astype(float)
    train_prepared(x[:1000], y[:1000], x[1000:], y[1000:], epochs=10)


@case("labels_single_class")
def threshold_below_every_value(seed: int) -> None:
    x, target = load_diabetes(return_X_y=True)
    y = (target > target.min() - 1).astype(float)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    train_prepared(x_train, y_train, x_val, y_val)


# ---------------------------------------------------------------- augmentation that removes the classes


@case("augmentation_too_heavy")
def wedges_mirrored_at_random(seed: int) -> None:
    x, y = wedges(1000, np.random.default_rng(seed))

    def mirror(images: Tensor) -> Tensor:
        chosen = torch.rand(len(images)) < 0.5
        return torch.where(chosen[:, None, None, None], images.flip(-1), images)

    train_cnn(x[:700], y[:700], x[700:], y[700:], augment=mirror)


@case("augmentation_too_heavy")
def bars_turned_by_a_quarter(seed: int) -> None:
    x, y = bars(1000, np.random.default_rng(seed))

    def turn(images: Tensor) -> Tensor:
        return torch.stack([torch.rot90(image, int(torch.randint(4, ())), (1, 2)) for image in images])

    train_cnn(x[:700], y[:700], x[700:], y[700:], epochs=6, augment=turn)


@case("augmentation_too_heavy")
def rows_under_very_much_noise(seed: int) -> None:
    x, y = rings(1300, np.random.default_rng(seed))
    train_loader(x[:1000], y[:1000], x[1000:], y[1000:], augment=lambda rows: rows + 6 * torch.randn_like(rows))


@case("augmentation_too_heavy")
def slopes_played_backwards(seed: int) -> None:
    x, y = slopes(900, np.random.default_rng(seed), slope=1.5)

    def reverse(series: Tensor) -> Tensor:
        return torch.where(torch.rand(len(series), 1, 1) < 0.5, series.flip(1), series)

    train_gru(x[:650], y[:650], x[650:], y[650:], epochs=8, augment=reverse)


@case("augmentation_too_heavy")
def digits_cropped_to_a_corner(seed: int) -> None:
    x, y = digits(None, seed)

    def crop(images: Tensor) -> Tensor:
        out = torch.zeros_like(images)
        top, left = torch.randint(0, 6, (2,)).tolist()
        out[:, :, top : top + 3, left : left + 3] = images[:, :, top : top + 3, left : left + 3]
        return out.roll((int(torch.randint(8, ())), int(torch.randint(8, ()))), (2, 3))

    train_cnn(x[:1300], y[:1300], x[1300:], y[1300:], augment=crop)


@case("augmentation_too_heavy")
def signs_flipped_at_random(seed: int) -> None:
    x, y = blobs(1300, np.random.default_rng(seed), gap=1.2)

    def flip(rows: Tensor) -> Tensor:
        return rows * (2 * torch.randint(0, 2, (len(rows), 1)) - 1)

    train_loader(x[:1000], y[:1000], x[1000:], y[1000:], augment=flip)


@case("augmentation_too_heavy")
def steps_of_the_ripple_shuffled(seed: int) -> None:
    x, y = pulses(1000, np.random.default_rng(seed))
    train_conv1d(x[:700], y[:700], x[700:], y[700:], augment=lambda series: series[:, :, torch.randperm(24)])


# ---------------------------------------------------------------- sound tables


@case("healthy")
def loans_that_stay_hard(seed: int) -> None:
    x, y = loans(2400, np.random.default_rng(seed), sharp=0.7)
    train_prepared(x[:1800], y[:1800], x[1800:], y[1800:], epochs=6, decay=1e-3)


@case("healthy")
def blobs_that_overlap(seed: int) -> None:
    x, y = blobs(2400, np.random.default_rng(seed), gap=0.3, columns=6)
    train_two_logits(x[:1800], y[:1800], x[1800:], y[1800:], epochs=5, width=16)


@case("healthy")
def diabetes_above_the_median(seed: int) -> None:
    x, target = load_diabetes(return_X_y=True)
    y = (target > np.median(target)).astype(float)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    train_prepared(x_train, y_train, x_val, y_val, epochs=15, width=12, decay=1e-3)


@case("healthy")
def slopes_half_hidden(seed: int) -> None:
    x, y = slopes(1500, np.random.default_rng(seed), slope=0.2)
    train_gru(x[:1100], y[:1100], x[1100:], y[1100:], epochs=4)


@case("healthy")
def bars_in_much_noise(seed: int) -> None:
    x, y = bars(1800, np.random.default_rng(seed), noise=0.75)
    train_cnn(x[:1400], y[:1400], x[1400:], y[1400:], epochs=7)


@case("healthy")
def rare_but_distinct(seed: int) -> None:
    x, y = blobs(2000, np.random.default_rng(seed), gap=1.8, rate=0.06)
    train_prepared(x[:1400], y[:1400], x[1400:], y[1400:], epochs=10)


@case("healthy")
def zeros_among_all_digits(seed: int) -> None:
    images, target = load_digits(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(
        images.reshape(-1, 8, 8) / 16, (target == 0).astype(float), test_size=0.3, random_state=seed
    )
    train_cnn(x_train, y_train, x_val, y_val)


@case("healthy")
def two_wines(seed: int) -> None:
    x, target = load_wine(return_X_y=True)
    kept = target < 2
    y = target[kept].astype(float)
    x_train, x_val, y_train, y_val = train_test_split(x[kept], y, test_size=0.35, random_state=seed)
    train_prepared(x_train, y_train, x_val, y_val, epochs=30)


@case("healthy")
def ninety_rows_are_enough(seed: int) -> None:
    x, y = blobs(240, np.random.default_rng(seed), gap=1.6, columns=5)
    train_in_order(x[:90], y[:90], x[90:], y[90:], epochs=8, width=8)


@case("healthy")
def words_as_indicator_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(1500) < 0.5).astype(float)
    usual = rng.uniform(0.01, 0.12, 80)
    other = usual.copy()
    other[:24] = rng.permutation(usual[:24]) + 0.12
    x = (rng.random((1500, 80)) < np.where(y[:, None] == 1, other, usual)).astype(float)
    train_loader(x[:1100], y[:1100], x[1100:], y[1100:], epochs=6)


@case("healthy")
def incomes_after_the_logarithm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1500, rng, gap=1.0, columns=6)
    money = np.exp(3 * x + 8)
    x_train, x_val = scaled(np.log1p(money[:1100]), np.log1p(money[1100:]))
    train_loader(x_train, y[:1100], x_val, y[1100:], epochs=12)


@case("healthy")
def columns_that_repeat_each_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = sensors(1500, rng)
    x = np.hstack([x, x + 0.05 * rng.normal(size=x.shape), x[:, :3] + x[:, 1:4]])
    train_prepared(x[:1100], y[:1100], x[1100:], y[1100:], epochs=15)


@case("healthy")
def columns_that_never_change(seed: int) -> None:
    x, y = rings(1400, np.random.default_rng(seed))
    x = np.column_stack([np.zeros(1400), x, np.full(1400, 7.0), np.full(1400, -1.0)])
    train_prepared(x[:1000], y[:1000], x[1000:], y[1000:])


@case("healthy")
def rows_repeated_in_training_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1500, rng, gap=0.9, rate=0.2)
    rare = np.flatnonzero(y[:1100] == 1)
    rows = np.concatenate([np.arange(1100), rare, rare])
    train_loader(x[rows], y[rows], x[1100:], y[1100:], epochs=6, width=16)


@case("healthy")
def seasons_that_drift_a_little(seed: int) -> None:
    x, y = blobs(1600, np.random.default_rng(seed), gap=1.1)
    x[:, :3] += 0.3 * np.linspace(-1, 1, 1600)[:, None]
    train_two_logits(x[:1200], y[:1200], x[1200:], y[1200:], epochs=10)


@case("healthy")
def sorted_rows_for_a_shuffling_loader(seed: int) -> None:
    x, y = sensors(1500, np.random.default_rng(seed))
    order = np.argsort(y[:1100], kind="stable")
    train_loader(x[:1100][order], y[:1100][order], x[1100:], y[1100:])


@case("healthy")
def four_percent_of_labels_wrong(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1600, rng, gap=1.5)
    y = flipped(y, 0.04, rng)
    train_in_order(x[:1200], y[:1200], x[1200:], y[1200:], epochs=10)


@case("healthy")
def thirty_columns_of_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(1800, rng, gap=1.0, columns=6)
    x = np.hstack([x, rng.normal(size=(1800, 30))])
    train_loader(x[:1400], y[:1400], x[1400:], y[1400:], epochs=5, width=16)


@case("healthy")
def blobs_far_apart(seed: int) -> None:
    x, y = blobs(1000, np.random.default_rng(seed), gap=2.6, columns=10)
    train_prepared(x[:700], y[:700], x[700:], y[700:], epochs=10)


@case("healthy")
def digits_moved_by_a_pixel(seed: int) -> None:
    x, y = digits(None, seed)

    def move(images: Tensor) -> Tensor:
        return images.roll((int(torch.randint(-1, 2, ())), int(torch.randint(-1, 2, ()))), (2, 3))

    train_cnn(x[:1300], y[:1300], x[1300:], y[1300:], epochs=9, augment=move)


@case("healthy")
def slopes_with_a_little_noise_added(seed: int) -> None:
    x, y = slopes(900, np.random.default_rng(seed), slope=1.5)
    train_conv1d(x[:650], y[:650], x[650:], y[650:], augment=lambda series: series + 0.1 * torch.randn_like(series))


@case("healthy")
def patients_kept_on_one_side(seed: int) -> None:
    rng = np.random.default_rng(seed)
    person, label = blobs(800, rng, gap=0.8)
    x = np.repeat(person, 3, axis=0) + 0.4 * rng.normal(size=(2400, 8))
    y = np.repeat(label, 3)
    train_loader(x[:1800], y[:1800], x[1800:], y[1800:], epochs=3, width=16)


@case("healthy")
def shop_with_embeddings(seed: int) -> None:
    codes, numbers, y = shop(2000, np.random.default_rng(seed))
    train_embedding(codes[:1500], numbers[:1500], y[:1500], codes[1500:], numbers[1500:], y[1500:], epochs=12)


@case("healthy")
def shop_with_names_and_gaps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, numbers, y = shop(2000, rng)
    numbers[rng.random(numbers.shape) < 0.05] = np.nan
    words = np.char.add("k", codes.astype(str))
    train_mixed(words[:1500], numbers[:1500], y[:1500], words[1500:], numbers[1500:], y[1500:], epochs=12)


@case("healthy")
def cancer_with_two_logits(seed: int) -> None:
    x, y = cancer(seed)
    x_train, x_val = scaled(x[:420], x[420:])
    train_two_logits(x_train, y[:420], x_val, y[420:], epochs=10)


@case("healthy")
def rings_in_random_order(seed: int) -> None:
    x, y = rings(1500, np.random.default_rng(seed))
    train_in_order(x[:1100], y[:1100], x[1100:], y[1100:], epochs=14)


@case("healthy")
def gaps_filled_with_the_median(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = loans(1800, rng, sharp=2.5)
    x[rng.random(x.shape) < 0.08] = np.nan
    train_prepared(x[:1400], y[:1400], x[1400:], y[1400:], epochs=6)


@case("healthy")
def questionnaire_with_few_distinct_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = rng.integers(0, 3, size=(2000, 4)).astype(float)
    z = 1.6 * (answers[:, 0] - 1) - 1.2 * (answers[:, 1] - 1) + 0.8 * (answers[:, 2] - 1) * (answers[:, 3] - 1)
    y = (rng.random(2000) < sigmoid(z)).astype(float)
    train_prepared(answers[:1500], y[:1500], answers[1500:], y[1500:], epochs=8)


@case("healthy")
def tomorrow_from_the_last_days(seed: int) -> None:
    rng = np.random.default_rng(seed)
    value = np.zeros(2108)
    for t in range(2, 2108):
        value[t] = 1.5 * value[t - 1] - 0.85 * value[t - 2] + rng.normal()
    x = np.column_stack([value[lag : lag + 2100] for lag in range(8)])
    y = (value[8:] > 0).astype(float)
    train_prepared(x[:1500], y[:1500], x[1500:], y[1500:], epochs=8)


@case("healthy")
def columns_between_zero_and_one(seed: int) -> None:
    x, y = sensors(1600, np.random.default_rng(seed))
    scaler = MinMaxScaler().fit(x[:1200])
    train_two_logits(scaler.transform(x[:1200]), y[:1200], scaler.transform(x[1200:]), y[1200:])


@case("healthy")
def flat_pixels_of_digits(seed: int) -> None:
    x, y = digits((3, 8), seed)
    x = x.reshape(len(x), 64)
    train_loader(x[:250], y[:250], x[250:], y[250:], epochs=25)


@case("healthy")
def spam_in_a_plain_script(seed: int) -> None:
    x_train, y_train, x_val, y_val = (part.numpy() for part in data("spambase", seed))
    train_loader(x_train, y_train, x_val, y_val, epochs=6, width=16)


@case("healthy")
def ripples_in_the_series(seed: int) -> None:
    x, y = pulses(1400, np.random.default_rng(seed))
    train_conv1d(x[:1000], y[:1000], x[1000:], y[1000:])


@case("healthy")
def wedges_moved_and_dimmed(seed: int) -> None:
    x, y = wedges(1100, np.random.default_rng(seed))
    train_cnn(x[:800], y[:800], x[800:], y[800:], augment=lambda images: images * (0.8 + 0.4 * torch.rand(1)))


@case("healthy")
def shop_that_stays_hard(seed: int) -> None:
    codes, numbers, y = shop(2400, np.random.default_rng(seed), sharp=0.5)
    train_embedding(codes[:1800], numbers[:1800], y[:1800], codes[1800:], numbers[1800:], y[1800:], epochs=7)


@case("healthy")
def ripples_half_hidden(seed: int) -> None:
    x, y = pulses(1800, np.random.default_rng(seed), height=0.8)
    train_conv1d(x[:1300], y[:1300], x[1300:], y[1300:], epochs=8)
