"""One unchanged training script on many tables: whatever is wrong is in the data, or nothing is."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import make_blobs, make_classification, make_moons
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

Table = tuple[Tensor, Tensor, Tensor, Tensor]  # X_train, y_train, X_val, y_val
Source = Callable[[int], Table]
Change = Callable[[Table, np.random.Generator], Table]
Script = Callable[[Tensor, Tensor, Tensor, Tensor], nn.Module]

# ---------------------------------------------------------------- the learners' scripts


def dropout_mlp(X_train: Tensor, y_train: Tensor, X_val: Tensor, y_val: Tensor) -> nn.Module:
    """DataLoader, BCEWithLogitsLoss, AdamW; loss and accuracy on the validation rows after each epoch."""
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    val_loader = DataLoader(TensorDataset(X_val, y_val), batch_size=256)
    model = nn.Sequential(
        nn.Linear(X_train.shape[1], 32),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(32, 16),
        nn.ReLU(),
        nn.Linear(16, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    for _ in range(20):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
        model.eval()
        val_loss, correct = 0.0, 0
        with torch.no_grad():
            for xb, yb in val_loader:
                logits = model(xb).squeeze(1)
                val_loss += criterion(logits, yb).item() * len(xb)
                correct += ((logits > 0).float() == yb).sum().item()
    print(f"val loss {val_loss / len(X_val):.3f}  val accuracy {correct / len(X_val):.3f}")
    return model


def two_logits(X_train: Tensor, y_train: Tensor, X_val: Tensor, y_val: Tensor) -> nn.Module:
    """Two outputs and CrossEntropyLoss, Adam, batches by hand, early stopping on the validation loss."""

    class Net(nn.Module):
        def __init__(self, n_features: int) -> None:
            super().__init__()
            self.hidden = nn.Linear(n_features, 24)
            self.hidden2 = nn.Linear(24, 24)
            self.out = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(F.relu(self.hidden2(F.relu(self.hidden(x)))))

    net = Net(X_train.shape[1])
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    targets, val_targets = y_train.long(), y_val.long()
    best_loss, best_state, waited = float("inf"), deepcopy(net.state_dict()), 0
    for _ in range(40):
        net.train()
        order = torch.randperm(len(X_train))
        for start in range(0, len(order), 32):
            rows = order[start : start + 32]
            opt.zero_grad()
            loss_fn(net(X_train[rows]), targets[rows]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            val_loss = loss_fn(net(X_val), val_targets).item()
        if val_loss < best_loss:
            best_loss, best_state, waited = val_loss, deepcopy(net.state_dict()), 0
        else:
            waited += 1
            if waited >= 10:
                break
    net.load_state_dict(best_state)
    with torch.no_grad():
        predicted = net(X_val).argmax(dim=1)
    print(f"accuracy: {(predicted == val_targets).float().mean().item():.3f}")
    return net


def sigmoid_net(X_train: Tensor, y_train: Tensor, X_val: Tensor, y_val: Tensor) -> nn.Module:
    """Sigmoid at the end and BCELoss, SGD with momentum on randomly drawn batches, metrics of scikit-learn."""

    class Classifier(nn.Module):
        def __init__(self, inputs: int, hidden: int = 16) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 1), nn.Sigmoid())

        def forward(self, x: Tensor) -> Tensor:
            return self.layers(x).flatten()

    classifier = Classifier(X_train.shape[1])
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(classifier.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    for _ in range(800):
        rows = torch.randint(len(X_train), (64,))
        probability = classifier(X_train[rows])
        loss = bce(probability, y_train[rows])
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    classifier.eval()
    scores = classifier(X_val).detach().numpy()
    truth = y_val.numpy()
    predictions = (scores >= 0.5).astype(int)
    print("accuracy", accuracy_score(truth, predictions), "balanced", balanced_accuracy_score(truth, predictions))
    return classifier


def in_order(X_train: Tensor, y_train: Tensor, X_val: Tensor, y_val: Tensor) -> nn.Module:
    """Batches as slices in the order of the table, functional loss, plain SGD, tanh."""
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    batch_size = 16
    for _ in range(max(15, 8000 // len(X_train))):
        for i in range(0, len(X_train), batch_size):
            x, y = X_train[i : i + batch_size], y_train[i : i + batch_size].unsqueeze(1)
            loss = F.binary_cross_entropy_with_logits(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        probabilities = torch.sigmoid(model(X_val)).squeeze(1).numpy()
    print(f"val acc: {np.mean((probabilities > 0.5) == (y_val.numpy() == 1)):.2%}")
    return model


def batchnorm_in_order(X_train: Tensor, y_train: Tensor, X_val: Tensor, y_val: Tensor) -> nn.Module:
    """Batch normalisation, a DataLoader without shuffling, Adam."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(X_train.shape[1], 32)
            self.norm = nn.BatchNorm1d(32)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(torch.relu(self.norm(self.fc1(x)))).squeeze(-1)

    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, drop_last=True)
    model = Model()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = model(X_val) > 0
    print(f"{(predicted == (y_val == 1)).float().mean():.4f}")
    return model


def weighted_mlp(X_train: Tensor, y_train: Tensor, X_val: Tensor, y_val: Tensor) -> nn.Module:
    """pos_weight from the class frequencies, RMSprop, cosine schedule."""
    loader = DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.LeakyReLU(), nn.Dropout(0.1), nn.Linear(24, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=(y_train == 0).sum() / (y_train == 1).sum())
    optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
    epochs = 30
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    model.eval()
    with torch.inference_mode():
        predicted = (torch.sigmoid(model(X_val)) > 0.5).squeeze(1)
    print("accuracy:", (predicted == y_val.bool()).float().mean().item())
    return model


def big_net(X_train: Tensor, y_train: Tensor, X_val: Tensor, y_val: Tensor) -> nn.Module:
    """Two wide layers, a hand-written loss, 1200 steps or more."""
    layers = [nn.Linear(X_train.shape[1], 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1)]
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    batch = 32
    epochs = max(30, 1200 * batch // len(X_train))
    for _ in range(epochs):
        order = torch.randperm(len(X_train))
        for rows in order.split(batch):
            z = model(X_train[rows])[:, 0]
            loss = (F.softplus(z) - y_train[rows] * z).mean()
            model.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        train_acc = ((model(X_train)[:, 0] > 0) == (y_train > 0.5)).float().mean()
        val_acc = ((model(X_val)[:, 0] > 0) == (y_val > 0.5)).float().mean()
    print(f"train {train_acc:.3f} val {val_acc:.3f}")
    return model


def enter(cause: str, script: Script, name: str, source: Source, *changes: Change) -> None:
    """Register this script on this table, changed in this way, as a case."""

    def run(seed: int) -> None:
        table = source(seed)
        rng = np.random.default_rng(seed + 1000)
        for change in changes:
            table = change(table, rng)
        script(*table)

    run.__name__ = f"{script.__name__}_{name}"
    case(cause)(run)


# ---------------------------------------------------------------- tables


def real(name: str, raw: bool = False) -> Source:
    return lambda seed: data(name, seed, raw=raw)


def made(x: np.ndarray, y: np.ndarray, rows: int, scale: bool = True) -> Table:
    if scale:
        x = (x - x[:rows].mean(axis=0)) / (x[:rows].std(axis=0) + 1e-9)
    features, labels = torch.from_numpy(x).float(), torch.from_numpy(np.asarray(y)).float()
    return features[:rows], labels[:rows], features[rows:], labels[rows:]


def gaussians(rows: int, columns: int, distance: float, share: float = 0.5) -> Source:
    def source(seed: int) -> Table:
        rng = np.random.default_rng(seed)
        y = (rng.permutation(rows + 500) < share * (rows + 500)).astype(int)
        x = rng.standard_normal((rows + 500, columns)) + np.outer(y - 0.5, np.full(columns, distance / columns**0.5))
        return made(x, y, rows)

    return source


def blobs(seed: int) -> Table:
    x, y = make_blobs(900, n_features=5, centers=6, cluster_std=2.0, random_state=seed)
    return made(x, y % 2, 600)


def informative(rows: int, columns: int, useful: int, separation: float = 1.0, share: float = 0.5) -> Source:
    def source(seed: int) -> Table:
        x, y = make_classification(
            rows + 500, columns, n_informative=useful, n_redundant=0, class_sep=separation, flip_y=0.0,
            n_clusters_per_class=1, weights=[1 - share], random_state=seed,
        )  # fmt: skip
        return made(x, y, rows)

    return source


def xor(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (1500, 3))
    return made(x, (x[:, 0] * x[:, 1] > 0).astype(int), 1000)


def noisy_moons(seed: int) -> Table:
    x, y = make_moons(1200, noise=0.35, random_state=seed)
    return made(x, y, 800)


def one_hot(seed: int) -> Table:
    """Six categorical columns of 8 values each, one-hot, not scaled."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 8, (1600, 6))
    effect = rng.normal(0, 1.5, (6, 8))
    y = effect[np.arange(6), codes].sum(axis=1) - effect.mean(axis=1).sum() > 0
    return made(np.eye(8)[codes].reshape(1600, 48), y.astype(int), 1100, scale=False)


def few_binary(seed: int) -> Table:
    """Seven yes-or-no columns: equal rows on both sides of the split are natural."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, (1400, 7)).astype(float)
    log_odds = x @ np.array([2.5, -2.0, 1.5, 3.0, -2.5, 0.5, 0.0]) - 1.5
    return made(x, (rng.random(1400) < 1 / (1 + np.exp(-1.5 * log_odds))).astype(int), 1000, scale=False)


def lognormal(seed: int) -> Table:
    """Heavy-tailed amounts, standardised."""
    rng = np.random.default_rng(seed)
    x = np.exp(rng.normal(0, 1, (1500, 8)))
    y = np.log(x[:, :3]).sum(axis=1) + rng.normal(0, 0.7, 1500) > 0
    return made(x, y.astype(int), 1000)


def counts(seed: int) -> Table:
    """Small counts, not scaled."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 1400)
    x = rng.poisson(np.where(y[:, None] == 1, [1.0, 3.0, 0.5, 2.0, 1.5], [2.0, 1.5, 1.2, 2.0, 0.7]))
    return made(x.astype(float), y, 1000, scale=False)


def patients(seed: int) -> Table:
    """Five almost equal measurements of each of 240 patients, rows split at random."""
    rng = np.random.default_rng(seed)
    ill = rng.integers(0, 2, 240)
    centre = rng.standard_normal((240, 30)) + np.outer(ill, np.full(30, 0.18))
    x = np.repeat(centre, 5, axis=0) + 0.05 * rng.standard_normal((1200, 30))
    order = rng.permutation(1200)
    return made(x[order], np.repeat(ill, 5)[order], 900)


def patients_apart(seed: int) -> Table:
    """As `patients`, with more signal and the split by patient."""
    rng = np.random.default_rng(seed)
    ill = rng.integers(0, 2, 400)
    centre = rng.standard_normal((400, 6)) + np.outer(ill, np.full(6, 1.1))
    x = np.repeat(centre, 3, axis=0) + 0.3 * rng.standard_normal((1200, 6))
    return made(x, np.repeat(ill, 3), 900)


def random_columns(rows: int, columns: int) -> Source:
    return gaussians(rows, columns, 0.0)


# ---------------------------------------------------------------- changes: harmless or not


def few_rows(rows: int, val_rows: int | None = None) -> Change:
    return lambda t, rng: (t[0][:rows], t[1][:rows], t[2][:val_rows], t[3][:val_rows])


def keep_columns(*columns: int) -> Change:
    return lambda t, rng: (t[0][:, list(columns)], t[1], t[2][:, list(columns)], t[3])


def both(function: Callable[[Tensor], Tensor]) -> Change:
    """Apply the function to the features of both parts."""
    return lambda t, rng: (function(t[0]), t[1], function(t[2]), t[3])


def min_max(t: Table, rng: np.random.Generator) -> Table:
    low, high = t[0].amin(0), t[0].amax(0)
    span = (high - low).clamp(min=1e-6)
    return (t[0] - low) / span, t[1], (t[2] - low) / span, t[3]


def with_noise_columns(columns: int) -> Change:
    def change(t: Table, rng: np.random.Generator) -> Table:
        extra = [torch.from_numpy(rng.standard_normal((len(x), columns))).float() for x in (t[0], t[2])]
        return torch.cat([t[0], extra[0]], 1), t[1], torch.cat([t[2], extra[1]], 1), t[3]

    return change


def with_constant_column(t: Table, rng: np.random.Generator) -> Table:
    return F.pad(t[0], (0, 1), value=1.0), t[1], F.pad(t[2], (0, 1), value=1.0), t[3]


def with_missing_filled(t: Table, rng: np.random.Generator) -> Table:
    """A tenth of the values missing, filled with the mean, with columns that say so."""
    parts = []
    for x in (t[0], t[2]):
        missing = torch.from_numpy(rng.random(tuple(x.shape)) < 0.1)
        parts.append(torch.cat([x.masked_fill(missing, 0.0), missing.float()], 1))
    return parts[0], t[1], parts[1], t[3]


def thin(x: Tensor, y: Tensor, share: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Drop rows of one class until this share is positive."""
    positive, negative = np.flatnonzero(y.numpy() == 1), np.flatnonzero(y.numpy() == 0)
    if len(positive) > share * len(y):
        positive = rng.permutation(positive)[: round(len(negative) * share / (1 - share))]
    else:
        negative = rng.permutation(negative)[: round(len(positive) * (1 - share) / share)]
    rows = np.sort(np.concatenate([positive, negative]))
    return x[rows], y[rows]


def prevalence(train: float | None, val: float | None) -> Change:
    def change(t: Table, rng: np.random.Generator) -> Table:
        first = t[:2] if train is None else thin(t[0], t[1], train, rng)
        second = t[2:] if val is None else thin(t[2], t[3], val, rng)
        return *first, *second

    return change


def oversampled(t: Table, rng: np.random.Generator) -> Table:
    """Repeat training rows of the rarer class until both are equally frequent."""
    y = t[1].numpy()
    rare = float(y.mean() < 0.5)
    rows = np.flatnonzero(y == rare)
    drawn = rng.choice(rows, len(y) - 2 * len(rows))
    order = rng.permutation(np.concatenate([np.arange(len(y)), drawn]))
    return t[0][order], t[1][order], t[2], t[3]


def sorted_train(descending: bool = False) -> Change:
    """Training rows sorted by class."""

    def change(t: Table, rng: np.random.Generator) -> Table:
        order = torch.argsort(t[1], descending=descending, stable=True)
        return t[0][order], t[1][order], t[2], t[3]

    return change


def sorted_val(t: Table, rng: np.random.Generator) -> Table:
    order = torch.argsort(t[3], stable=True)
    return t[0], t[1], t[2][order], t[3][order]


def flipped(share: float, val: bool = False, only: int | None = None) -> Change:
    """Turn this share of the labels (of one class only) over."""

    def turn(y: Tensor, rng: np.random.Generator) -> Tensor:
        wrong = torch.from_numpy(rng.random(len(y)) < share)
        if only is not None:
            wrong &= y == only
        return torch.where(wrong, 1 - y, y)

    return lambda t, rng: (t[0], turn(t[1], rng), t[2], turn(t[3], rng) if val else t[3])


def labels_shuffled(t: Table, rng: np.random.Generator) -> Table:
    return t[0], t[1][rng.permutation(len(t[1]))], t[2], t[3]


def labels_shifted(rows: int, val: bool = False) -> Change:
    return lambda t, rng: (t[0], t[1].roll(rows), t[2], t[3].roll(rows) if val else t[3])


def row_dropped(at: int) -> Change:
    """One row of X_train was dropped, but y_train lost its last: every label after it belongs to the row above."""
    return lambda t, rng: (torch.cat([t[0][:at], t[0][at + 1 :]]), t[1][:-1], t[2], t[3])


def sorted_apart(val: bool = False) -> Change:
    """X sorted by its first column, y sorted by itself."""

    def apart(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return x[x[:, 0].argsort()], y.sort().values

    return lambda t, rng: (*apart(t[0], t[1]), *(apart(t[2], t[3]) if val else t[2:]))


def x_shuffled_y_not(t: Table, rng: np.random.Generator) -> Table:
    return t[0][rng.permutation(len(t[0]))], t[1], t[2], t[3]


def val_rows_in_train(share: float = 1.0, noise: float = 0.0) -> Change:
    """Copies of validation rows in the training set."""

    def change(t: Table, rng: np.random.Generator) -> Table:
        rows = rng.permutation(len(t[2]))[: round(share * len(t[2]))]
        x = t[2][rows] + noise * torch.from_numpy(rng.standard_normal((len(rows), t[2].shape[1]))).float()
        order = rng.permutation(len(t[0]) + len(rows))
        return torch.cat([t[0], x])[order], torch.cat([t[1], t[3][rows]])[order], t[2], t[3]

    return change


def resampled_before_split(synthetic: bool) -> Change:
    """Balance the classes, by copies or by SMOTE's points between neighbours, and only then split."""

    def change(t: Table, rng: np.random.Generator) -> Table:
        x, y = torch.cat([t[0], t[2]]), torch.cat([t[1], t[3]])
        rare = x[y == 1]
        drawn = rng.integers(0, len(rare), len(y) - 2 * len(rare))
        new = rare[drawn]
        if synthetic:
            neighbours = torch.cdist(rare, rare).topk(6, largest=False).indices[:, 1:]
            other = rare[neighbours[drawn, rng.integers(0, 5, len(drawn))]]
            new = new + torch.from_numpy(rng.random((len(drawn), 1))).float() * (other - new)
        x, y = torch.cat([x, new]), torch.cat([y, torch.ones(len(new))])
        order = rng.permutation(len(y))
        cut = round(0.7 * len(y))
        first, second = order[:cut], order[cut:]
        return x[first], y[first], x[second], y[second]

    return change


def answer_column(kind: str) -> Change:
    """A column that is only known once the answer is."""

    def column(y: Tensor, rng: np.random.Generator) -> Tensor:
        if kind == "row number":  # of a file sorted by class
            return (y + torch.from_numpy(rng.random(len(y))).float() - 1) / 0.6
        if kind == "flag":
            return y * torch.from_numpy(rng.random(len(y)) < 0.95).float()
        return 2 * y - 1 + 0.1 * torch.from_numpy(rng.standard_normal(len(y))).float()

    return lambda t, rng: (
        torch.cat([t[0], column(t[1], rng)[:, None]], 1),
        t[1],
        torch.cat([t[2], column(t[3], rng)[:, None]], 1),
        t[3],
    )


def column_times(column: int, factor: float, shift: float = 0.0) -> Change:
    def times(x: Tensor) -> Tensor:
        x = x.clone()
        x[:, column] = x[:, column] * factor + shift
        return x

    return both(times)


def val_features(function: Callable[[Tensor], Tensor]) -> Change:
    """Apply the function to the validation features only."""
    return lambda t, rng: (t[0], t[1], function(t[2]), t[3])


def val_raw(name: str) -> Source:
    def source(seed: int) -> Table:
        X_train, y_train, _, _ = data(name, seed)
        return X_train, y_train, *data(name, seed, raw=True)[2:]

    return source


def val_shuffled_columns(t: Table, rng: np.random.Generator) -> Table:
    return t[0], t[1], t[2][:, rng.permutation(t[2].shape[1])], t[3]


def val_min_max(x: Tensor) -> Tensor:
    low, high = x.amin(0), x.amax(0)
    return (x - low) / (high - low).clamp(min=1e-6)


def two_in_other_units(x: Tensor) -> Tensor:
    return torch.cat([1.8 * x[:, :2] + 32, x[:, 2:]], 1)


def own_statistics(x: Tensor) -> Tensor:
    return (x - x.mean(0)) / (x.std(0) + 1e-6)


def missing_values(rows: int, part: str) -> Change:
    """NaN in one column of a few rows."""

    def holes(x: Tensor, rng: np.random.Generator) -> Tensor:
        x = x.clone()
        x[rng.permutation(len(x))[:rows], 1] = float("nan")
        return x

    return lambda t, rng: (
        holes(t[0], rng) if part != "val" else t[0],
        t[1],
        holes(t[2], rng) if part != "train" else t[2],
        t[3],
    )


def labels_as(function: Callable[[Tensor], Tensor], train: bool = True, val: bool = True) -> Change:
    return lambda t, rng: (t[0], function(t[1]) if train else t[1], t[2], function(t[3]) if val else t[3])


def one_class(label: int) -> Change:
    """The file was sorted by class and cut: the training part holds one class."""
    return lambda t, rng: (t[0][t[1] == label], t[1][t[1] == label], t[2], t[3])


# ---------------------------------------------------------------- nothing wrong

for script, name, source, *changes in [
    (dropout_mlp, "breast_cancer", real("breast_cancer")),
    (two_logits, "breast_cancer", real("breast_cancer")),
    (sigmoid_net, "breast_cancer_oversampled_after_split", real("breast_cancer"), oversampled),
    (dropout_mlp, "breast_cancer_min_max", real("breast_cancer"), min_max),
    (two_logits, "breast_cancer_60_rows", real("breast_cancer"), few_rows(60)),
    (weighted_mlp, "breast_cancer", real("breast_cancer")),
    (two_logits, "spambase", real("spambase")),
    (sigmoid_net, "spambase", real("spambase")),
    (weighted_mlp, "spambase", real("spambase")),
    (two_logits, "credit_data", real("credit_data")),
    (sigmoid_net, "credit_data_eight_columns", real("credit_data"), keep_columns(*range(8))),
    (two_logits, "hypothyroid", real("hypothyroid")),
    (sigmoid_net, "hypothyroid", real("hypothyroid")),
    (two_logits, "mlc_churn", real("mlc_churn")),
    (sigmoid_net, "mlc_churn_numbers_only", real("mlc_churn"), keep_columns(*range(15))),
    (two_logits, "digit_8_raw_pixels", real("digit_8", raw=True)),
    (sigmoid_net, "digit_8_pixels_by_16", real("digit_8", raw=True), both(lambda x: x / 16)),
    (batchnorm_in_order, "breast_cancer", real("breast_cancer")),
    (in_order, "moons", real("moons")),
    (dropout_mlp, "moons_sorted_but_shuffled_by_loader", real("moons"), sorted_train()),
    (two_logits, "clouds_sorted_but_permuted", real("clouds"), sorted_train(True)),
    (sigmoid_net, "spambase_val_sorted", real("spambase"), sorted_val),
    (sigmoid_net, "moons_80_rows", real("moons"), few_rows(80)),
    (big_net, "circles", real("circles")),
    (big_net, "xor", xor),
    (dropout_mlp, "circles_noise_columns", real("circles"), with_noise_columns(4)),
    (dropout_mlp, "clouds", real("clouds")),
    (in_order, "noisy_moons_shifted_a_little", noisy_moons, both(lambda x: 1.5 * x + 0.5)),
    (two_logits, "gaussians_overlapping", gaussians(1200, 4, 1.0)),
    (sigmoid_net, "gaussians_overlapping", gaussians(1200, 3, 1.0)),
    (two_logits, "gaussians_hard", gaussians(1200, 4, 0.8)),
    (two_logits, "wide", informative(900, 150, 30, 3.0)),
    (dropout_mlp, "noisy_moons", noisy_moons),
    (dropout_mlp, "blobs", blobs),
    (sigmoid_net, "blobs", blobs),
    (dropout_mlp, "one_hot", one_hot),
    (two_logits, "one_hot", one_hot),
    (sigmoid_net, "few_binary_columns", few_binary),
    (two_logits, "few_binary_columns", few_binary),
    (dropout_mlp, "lognormal", lognormal),
    (in_order, "counts", counts),
    (sigmoid_net, "counts", counts),
    (two_logits, "rare_but_separate", gaussians(800, 5, 5.0, 0.04)),
    (dropout_mlp, "rare_but_separate", gaussians(1200, 6, 4.5, 0.05)),
    (dropout_mlp, "three_quarters_positive", gaussians(1000, 5, 2.5, 0.75)),
    (batchnorm_in_order, "moons", real("moons")),
    (batchnorm_in_order, "blobs_raw", blobs, both(lambda x: 20 * x + 50)),
    (in_order, "breast_cancer", real("breast_cancer")),
    (in_order, "spambase", real("spambase")),
    (two_logits, "digit_8", real("digit_8")),
    (two_logits, "patients_apart", patients_apart),
    (sigmoid_net, "clouds_constant_column", real("clouds"), with_constant_column),
    (two_logits, "breast_cancer_missing_filled", real("breast_cancer"), with_missing_filled),
    (dropout_mlp, "one_strong_column", gaussians(900, 1, 3.5), with_noise_columns(5)),
]:
    enter("healthy", script, name, source, *changes)

# ---------------------------------------------------------------- the fault is in the labels

for script, name, source, *changes in [
    (dropout_mlp, "breast_cancer_flipped_40", real("breast_cancer"), flipped(0.4)),
    (two_logits, "spambase_flipped_35", real("spambase"), flipped(0.35)),
    (big_net, "spambase_flipped_25", real("spambase"), flipped(0.25)),
    (big_net, "circles_flipped_40", real("circles"), flipped(0.4)),
    (dropout_mlp, "one_hot_flipped_30", one_hot, flipped(0.3)),
    (in_order, "digit_8_flipped_25", real("digit_8"), flipped(0.25)),
    (dropout_mlp, "spambase_half_of_positives_flipped", real("spambase"), flipped(0.5, only=1)),
    (sigmoid_net, "blobs_half_of_negatives_flipped", blobs, flipped(0.5, only=0)),
    (two_logits, "blobs_flipped_30_everywhere", blobs, flipped(0.3, val=True)),
    (sigmoid_net, "breast_cancer_flipped_25_everywhere", real("breast_cancer"), flipped(0.25, val=True)),
]:
    enter("label_noise", script, name, source, *changes)

for script, name, source, *changes in [
    (dropout_mlp, "breast_cancer_labels_shuffled", real("breast_cancer"), labels_shuffled),
    (two_logits, "spambase_labels_shuffled", real("spambase"), labels_shuffled),
    (sigmoid_net, "digit_8_rows_shuffled", real("digit_8"), x_shuffled_y_not),
    (in_order, "moons_labels_shifted_by_one", real("moons"), labels_shifted(1)),
    (dropout_mlp, "circles_labels_shifted_both", real("circles"), labels_shifted(1, val=True)),
    (sigmoid_net, "spambase_labels_shifted_both", real("spambase"), labels_shifted(-1, val=True)),
    (two_logits, "breast_cancer_row_dropped", real("breast_cancer"), row_dropped(20)),
    (dropout_mlp, "spambase_row_dropped", real("spambase"), row_dropped(150)),
    (dropout_mlp, "mlc_churn_sorted_apart", real("mlc_churn"), prevalence(0.4, 0.4), sorted_apart()),
    (sigmoid_net, "spambase_sorted_apart", real("spambase"), sorted_apart()),
    (sigmoid_net, "blobs_labels_shifted_by_one", blobs, labels_shifted(1)),
]:
    enter("labels_misaligned", script, name, source, *changes)

for script, name, source, *changes in [
    (dropout_mlp, "moons_labels_1_and_2", real("moons"), labels_as(lambda y: y + 1)),
    (dropout_mlp, "breast_cancer_labels_minus_1_and_1", real("breast_cancer"), labels_as(lambda y: 2 * y - 1)),
    (dropout_mlp, "spambase_labels_0_and_255", real("spambase"), labels_as(lambda y: 255 * y)),
    (big_net, "credit_data_labels_minus_1_and_1", real("credit_data"), labels_as(lambda y: 2 * y - 1)),
    (dropout_mlp, "credit_data_labels_1_and_2", real("credit_data"), labels_as(lambda y: y + 1)),
    (two_logits, "breast_cancer_inverted_in_val", real("breast_cancer"), labels_as(lambda y: 1 - y, train=False)),
    (sigmoid_net, "spambase_inverted_in_val", real("spambase"), labels_as(lambda y: 1 - y, train=False)),
]:
    enter("label_encoding", script, name, source, *changes)

for script, name, source, *changes in [
    (dropout_mlp, "spambase_only_negatives", real("spambase"), one_class(0)),
    (two_logits, "moons_only_positives", real("moons"), one_class(1)),
    (sigmoid_net, "breast_cancer_only_negatives", real("breast_cancer"), one_class(0)),
    (in_order, "digit_8_labels_never_2", real("digit_8"), labels_as(lambda y: (y == 2).float())),
]:
    enter("labels_single_class", script, name, source, *changes)

for script, name, source, *changes in [
    (two_logits, "random_columns", random_columns(1200, 5)),
    (sigmoid_net, "random_columns", random_columns(1500, 3)),
    (dropout_mlp, "random_columns_30_percent_positive", gaussians(1500, 4, 0.0, 0.3)),
    (two_logits, "gaussians_almost_on_each_other", gaussians(1200, 4, 0.18)),
    (sigmoid_net, "gaussians_almost_on_each_other", gaussians(1500, 4, 0.15)),
    (two_logits, "mlc_churn_uninformative_columns", real("mlc_churn"), keep_columns(*range(18, 30))),
]:
    enter("weak_signal", script, name, source, *changes)

# ---------------------------------------------------------------- the fault is in the features

for script, name, source, *changes in [
    (sigmoid_net, "breast_cancer_raw", real("breast_cancer", raw=True)),
    (sigmoid_net, "credit_data_raw", real("credit_data", raw=True)),
    (dropout_mlp, "credit_data_raw", real("credit_data", raw=True)),
    (in_order, "spambase_raw", real("spambase", raw=True)),
    (sigmoid_net, "spambase_raw", real("spambase", raw=True)),
    (in_order, "hypothyroid_raw", real("hypothyroid", raw=True)),
    (in_order, "breast_cancer_raw", real("breast_cancer", raw=True)),
    (dropout_mlp, "mlc_churn_raw", real("mlc_churn", raw=True)),
    (sigmoid_net, "moons_shifted_by_1000", real("moons"), both(lambda x: x + 1000)),
    (two_logits, "circles_shifted_by_1000", real("circles"), both(lambda x: x + 1000)),
    (in_order, "clouds_one_huge_column", real("clouds"), with_noise_columns(1), column_times(8, 3e4, 5e4)),
    (dropout_mlp, "blobs_times_a_millionth", blobs, both(lambda x: 1e-6 * x)),
    (dropout_mlp, "one_hot_year_column", one_hot, with_noise_columns(1), column_times(48, 3000.0, 20000.0)),
]:
    enter("unscaled_features", script, name, source, *changes)

for script, name, source, *changes in [
    (dropout_mlp, "breast_cancer_val_raw", val_raw("breast_cancer")),
    (two_logits, "spambase_val_raw", val_raw("spambase")),
    (sigmoid_net, "digit_8_val_raw", val_raw("digit_8")),
    (in_order, "spambase_val_min_max", real("spambase"), val_features(val_min_max)),
    (dropout_mlp, "breast_cancer_val_min_max", real("breast_cancer"), val_features(val_min_max)),
    (in_order, "moons_val_other_statistics", real("moons"), val_features(lambda x: (x - 1.5) / 2)),
    (two_logits, "breast_cancer_val_columns_reversed", real("breast_cancer"), val_features(lambda x: x.flip(1))),
    (dropout_mlp, "spambase_val_columns_shuffled", real("spambase"), val_shuffled_columns),
    (sigmoid_net, "blobs_val_two_columns_in_other_units", blobs, val_features(two_in_other_units)),
    (dropout_mlp, "clouds_val_own_statistics", real("clouds"), prevalence(0.3, 0.9), val_features(own_statistics)),
]:
    enter("preprocess_mismatch", script, name, source, *changes)

for script, name, source, *changes in [
    (dropout_mlp, "breast_cancer_nan_in_5_rows", real("breast_cancer"), missing_values(5, "train")),
    (two_logits, "moons_nan_in_3_rows", real("moons"), missing_values(3, "train")),
    (in_order, "credit_data_nan_in_both", real("credit_data"), missing_values(40, "both")),
    (big_net, "circles_nan_in_1_row", real("circles"), missing_values(1, "train")),
    (two_logits, "spambase_nan_in_val", real("spambase"), missing_values(250, "val")),
    (in_order, "blobs_nan_in_val", blobs, missing_values(90, "val")),
]:
    enter("nan_features", script, name, source, *changes)

# ---------------------------------------------------------------- the fault is in the choice of rows

for script, name, source, *changes in [
    (big_net, "credit_data_val_in_train", real("credit_data"), few_rows(500, 400), val_rows_in_train()),
    (big_net, "gaussians_most_val_in_train", gaussians(500, 20, 1.5), val_rows_in_train(0.8)),
    (big_net, "mlc_churn_val_in_train", real("mlc_churn"), few_rows(500, 400), val_rows_in_train()),
    (big_net, "mlc_churn_near_copies", real("mlc_churn"), few_rows(500, 400), val_rows_in_train(0.9, 0.02)),
    (big_net, "gaussians_near_copies", gaussians(500, 20, 1.2), val_rows_in_train(1.0, 0.05)),
    (big_net, "mlc_churn_copied_before_split", real("mlc_churn"), few_rows(500, 300), resampled_before_split(False)),
    (in_order, "credit_data_oversampled_before_split", real("credit_data"), resampled_before_split(False)),
    (big_net, "credit_data_smote_before_split", real("credit_data"), few_rows(600, 300), resampled_before_split(True)),
    (big_net, "mlc_churn_smote_before_split", real("mlc_churn"), few_rows(500, 300), resampled_before_split(True)),
    (big_net, "patients_split_by_row", patients),
    (dropout_mlp, "credit_data_answer_column", real("credit_data"), answer_column("noisy")),
    (two_logits, "mlc_churn_answer_flag", real("mlc_churn"), answer_column("flag")),
    (sigmoid_net, "clouds_row_number_of_sorted_file", real("clouds"), answer_column("row number")),
]:
    enter("data_leakage", script, name, source, *changes)

for script, name, source, *changes in [
    (dropout_mlp, "counts_2_percent", counts, prevalence(0.025, 0.03)),
    (sigmoid_net, "gaussians_2_percent", gaussians(1500, 4, 1.5, 0.02)),
    (two_logits, "gaussians_1_percent", gaussians(1500, 3, 1.6, 0.015)),
    (dropout_mlp, "gaussians_3_percent", gaussians(1500, 4, 1.3, 0.03)),
    (two_logits, "spambase_2_percent", real("spambase"), keep_columns(*range(20)), prevalence(0.02, 0.02)),
    (dropout_mlp, "few_binary_columns_2_percent", few_binary, prevalence(0.02, 0.03)),
    (sigmoid_net, "gaussians_3_percent", gaussians(1200, 3, 1.4, 0.03)),
]:
    enter("imbalance", script, name, source, *changes)

for script, name, source, *changes in [
    (weighted_mlp, "gaussians_7_percent", gaussians(1500, 4, 1.8, 0.07)),
    (weighted_mlp, "counts_8_percent", counts, prevalence(0.08, 0.08)),
    (weighted_mlp, "noisy_moons_8_percent", noisy_moons, prevalence(0.08, 0.08)),
    (dropout_mlp, "clouds_balanced_val_rare", gaussians(1000, 4, 2.0), prevalence(None, 0.05)),
    (two_logits, "credit_data_balanced_val_rare", real("credit_data"), prevalence(0.5, 0.06)),
    (sigmoid_net, "spambase_balanced_val_rare", real("spambase"), prevalence(0.5, 0.04)),
    (sigmoid_net, "gaussians_oversampled_train", gaussians(1500, 4, 1.8, 0.06), oversampled),
    (dropout_mlp, "noisy_moons_rare_train_balanced_val", noisy_moons, prevalence(0.08, 0.5)),
]:
    enter("threshold_not_tuned", script, name, source, *changes)

for script, name, source, *changes in [
    (in_order, "moons_sorted", real("moons"), sorted_train()),
    (in_order, "clouds_sorted_descending", real("clouds"), sorted_train(True)),
    (in_order, "spambase_sorted", real("spambase"), sorted_train()),
    (in_order, "credit_data_sorted", real("credit_data"), sorted_train()),
    (batchnorm_in_order, "breast_cancer_sorted_descending", real("breast_cancer"), sorted_train(True)),
    (batchnorm_in_order, "moons_sorted", real("moons"), sorted_train()),
    (batchnorm_in_order, "counts_sorted", counts, sorted_train()),
    (batchnorm_in_order, "spambase_sorted_descending", real("spambase"), sorted_train(True)),
]:
    enter("unshuffled_data", script, name, source, *changes)

for script, name, source, *changes in [
    (big_net, "gaussians_70_rows", gaussians(70, 30, 1.8)),
    (big_net, "credit_data_100_rows", real("credit_data"), few_rows(100)),
    (big_net, "clouds_60_rows_noise_columns", real("clouds"), few_rows(60), with_noise_columns(30)),
    (big_net, "noisy_moons_50_rows", noisy_moons, few_rows(50)),
    (big_net, "mlc_churn_100_rows", real("mlc_churn"), few_rows(300), prevalence(0.4, 0.4)),
    (big_net, "gaussians_overlapping_120_rows", gaussians(120, 10, 1.2)),
]:
    enter("overfitting", script, name, source, *changes)
