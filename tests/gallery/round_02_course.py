"""Trainings as learners of a PyTorch course write them: sick and sound, some only suspicious."""

import copy
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_digits, make_blobs, make_circles, make_classification, make_moons
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, PolynomialFeatures, StandardScaler
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

# --- sick tables ---


@case("label_noise")
def crowd_labels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = make_moons(1500, noise=0.12, random_state=seed)
    crowd = np.where(rng.random(len(y)) < 0.33, 1 - y, y)
    X_train, X_val, y_train, y_val = train_test_split(X, crowd, test_size=0.25, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train = torch.tensor(scaler.transform(X_train), dtype=torch.float32)
    X_val = torch.tensor(scaler.transform(X_val), dtype=torch.float32)
    y_train = torch.tensor(y_train, dtype=torch.float32).unsqueeze(1)
    y_val = torch.tensor(y_val, dtype=torch.float32).unsqueeze(1)

    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _ in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print(((model(X_val) > 0).float() == y_val).float().mean().item())


@case("label_noise")
def wrong_diagnoses_in_training(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    wrong = torch.rand(len(y_train), generator=torch.Generator().manual_seed(seed)) < 0.35
    y_train = torch.where(wrong, 1 - y_train, y_train)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(X_train.shape[1], 16)
            self.fc2 = nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(torch.relu(self.fc1(x)))

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    for _ in range(25):
        order = torch.randperm(len(X_train))
        for start in range(0, len(order), 32):
            i = order[start : start + 32]
            loss = F.cross_entropy(net(X_train[i]), y_train[i].long())
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        accuracy = (net(X_val).argmax(1) == y_val.long()).float().mean()
    print(f"accuracy {accuracy:.3f}")


@case("label_noise")
def noisy_tutorial_blobs(seed: int) -> None:
    X, y = make_classification(
        2000, n_features=12, n_informative=6, class_sep=2.0, flip_y=0.6, n_clusters_per_class=1, random_state=seed
    )
    X = StandardScaler().fit_transform(X)
    X, y = torch.tensor(X).float(), torch.tensor(y).float()
    X_train, y_train, X_val, y_val = X[:1500], y[:1500], X[1500:], y[1500:]
    model = nn.Sequential(nn.Linear(12, 24), nn.Tanh(), nn.Linear(24, 1), nn.Sigmoid())
    loss_fn = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            loss = loss_fn(model(xb).squeeze(1), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        prob = model(X_val).squeeze(1).numpy()
    print("val acc", np.mean((prob > 0.5) == y_val.numpy()))


@case("labels_misaligned")
def shuffled_only_the_features(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    X_train = X_train[torch.randperm(len(X_train))]
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(30):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).view(-1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print(((torch.sigmoid(model(X_val)).view(-1) > 0.5) == y_val.bool()).float().mean().item())


@case("labels_misaligned")
def one_row_lost_by_header(seed: int) -> None:
    X, y = make_blobs(1200, centers=2, n_features=6, cluster_std=3.0, random_state=seed)
    labels = np.concatenate([y[1:], y[:1]])
    X_train, X_val, y_train, y_val = X[:900], X[900:], labels[:900], labels[900:]
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    X_train, X_val = torch.tensor((X_train - mean) / std).float(), torch.tensor((X_val - mean) / std).float()
    y_train, y_val = torch.tensor(y_train).float(), torch.tensor(y_val).float()
    model = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(40):
        order = torch.randperm(900)
        for batch in order.split(60):
            loss = F.binary_cross_entropy_with_logits(model(X_train[batch])[:, 0], y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy:", ((model(X_val)[:, 0] > 0) == (y_val > 0.5)).float().mean().item())


@case("labels_misaligned")
def merged_after_sorting_one_file(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    by_ink = X_train.sum(dim=1).argsort()
    X_train = X_train[by_ink]
    model = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(128, 2),
    )  # fmt: skip
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    ce = nn.CrossEntropyLoss()
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            opt.zero_grad()
            ce(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        scores = model(X_val).softmax(1)[:, 1]
    print(roc_auc_score(y_val, scores), ((scores > 0.5) == y_val.bool()).float().mean().item())


@case("data_leakage")
def oversampled_before_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = make_classification(1200, n_features=15, n_informative=4, weights=[0.88], flip_y=0.15, random_state=seed)
    rare = np.flatnonzero(y == 1)
    extra = rng.choice(rare, (y == 0).sum() - len(rare))
    X, y = np.concatenate([X, X[extra]]), np.concatenate([y, y[extra]])
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler()
    X_train = torch.tensor(scaler.fit_transform(X_train), dtype=torch.float32)
    X_val = torch.tensor(scaler.transform(X_val), dtype=torch.float32)
    y_train, y_val = torch.tensor(y_train).float(), torch.tensor(y_val).float()
    model = nn.Sequential(nn.Linear(15, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(-1), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(-1) > 0) == y_val.bool()).float().mean().item())


@case("data_leakage")
def smote_by_hand_before_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = make_classification(1000, n_features=10, n_informative=5, weights=[0.85], flip_y=0.1, random_state=seed)
    X = StandardScaler().fit_transform(X)
    rare = X[y == 1]
    new = []
    for _ in range(600):
        a = rare[rng.integers(len(rare))]
        nearest = rare[np.argsort(((rare - a) ** 2).sum(axis=1))[1:4]]
        new.append(a + rng.random() * (nearest[rng.integers(3)] - a))
    X, y = np.vstack([X, new]), np.concatenate([y, np.ones(600)])
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)
    X_train, X_val = torch.FloatTensor(X_train), torch.FloatTensor(X_val)
    y_train, y_val = torch.FloatTensor(y_train)[:, None], torch.FloatTensor(y_val)[:, None]
    net = nn.Sequential(nn.Linear(10, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(40):
        for i in torch.randperm(len(X_train)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy(net(X_train[i]), y_train[i]).backward()
            opt.step()
    print("val acc", ((net(X_val) > 0.5).float() == y_val).float().mean().item())


@case("data_leakage")
def whole_table_used_for_training(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    X_full, y_full = torch.cat([X_train, X_val]), torch.cat([y_train, y_val])
    loader = DataLoader(TensorDataset(X_full, y_full), batch_size=128, shuffle=True)

    class ChurnNet(nn.Module):
        def __init__(self, n: int) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(n, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.layers(x).squeeze(1)

    model = ChurnNet(X_full.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(35):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
        model.eval()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("data_leakage")
def same_patients_on_both_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patients = rng.normal(size=(150, 20))
    sick = (patients[:, 0] + rng.normal(scale=2.0, size=150) > 0).astype(int)
    visits = np.repeat(patients, 8, axis=0) + rng.normal(scale=0.02, size=(1200, 20))
    y = np.repeat(sick, 8)
    X_train, X_val, y_train, y_val = train_test_split(visits, y, test_size=0.25, random_state=seed)
    X_train, X_val = torch.from_numpy(X_train).float(), torch.from_numpy(X_val).float()
    y_train, y_val = torch.from_numpy(y_train), torch.from_numpy(y_val)
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print((model(X_val).argmax(dim=1) == y_val).float().mean().item())


@case("preprocess_mismatch")
def validation_left_raw(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    mu, sd = X_train.mean(0), X_train.std(0)
    X_train = (X_train - mu) / sd
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(30):
        for i in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[i]), y_train[i].view(-1, 1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("preprocess_mismatch")
def pixels_standardised_only_for_training(seed: int) -> None:
    images, digits = load_digits(return_X_y=True)
    X_train, X_val, y_train, y_val = train_test_split(images, digits >= 5, test_size=0.3, random_state=seed)
    X_train = torch.tensor(StandardScaler().fit_transform(X_train), dtype=torch.float32).view(-1, 1, 8, 8)
    X_val = torch.tensor(X_val, dtype=torch.float32).view(-1, 1, 8, 8)
    y_train, y_val = torch.tensor(y_train).long(), torch.tensor(y_val).long()
    cnn = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12 * 16, 32), nn.Tanh(),
        nn.Linear(32, 2),
    )  # fmt: skip
    opt = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    for _ in range(8):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = nn.CrossEntropyLoss()(cnn(xb), yb)
            loss.backward()
            opt.step()
    cnn.eval()
    with torch.no_grad():
        print((cnn(X_val).argmax(1) == y_val).float().mean().item())


@case("preprocess_mismatch")
def other_lab_measures_in_other_units(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def lab(n: int) -> tuple[np.ndarray, np.ndarray]:
        temperature, glucose, age = rng.normal(37, 0.7, n), rng.normal(5.5, 1.2, n), rng.normal(50, 12, n)
        risk = 1.5 * (temperature - 37) + 1.4 * (glucose - 5.5) + 0.05 * (age - 50)
        return np.column_stack([temperature, glucose, age]), (risk + rng.logistic(size=n) * 0.5 > 0).astype(float)

    X_train, y_train = lab(900)
    X_val, y_val = lab(300)
    X_val[:, 1] *= 18
    scaler = StandardScaler().fit(X_train)
    X_train, X_val = torch.Tensor(scaler.transform(X_train)), torch.Tensor(scaler.transform(X_val))
    y_train = torch.Tensor(y_train).unsqueeze(1)
    model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.RMSprop(model.parameters(), lr=0.003)
    for _ in range(40):
        for i in torch.randperm(900).split(50):
            opt.zero_grad()
            nn.BCELoss()(model(X_train[i]), y_train[i]).backward()
            opt.step()
    pred = model(X_val).detach().numpy().ravel() > 0.5
    print("accuracy", (pred == y_val).mean())


@case("unscaled_features")
def raw_credit_table(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("unscaled_features")
def year_and_salary(seed: int) -> None:
    rng = np.random.default_rng(seed)
    year, salary, rooms = rng.integers(1950, 2020, 1200), rng.lognormal(10.5, 0.5, 1200), rng.integers(1, 8, 1200)
    score = (year - 1985) / 20 + np.log(salary) - 10.5 + (rooms - 4) / 2 + rng.logistic(scale=0.3, size=1200)
    X = torch.tensor(np.column_stack([year, salary, rooms])).float()
    y = torch.tensor(score > 0).long()
    X_train, X_val, y_train, y_val = X[:900], X[900:], y[:900], y[900:]

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(3, 24)
            self.out = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(torch.tanh(self.hidden(x)))

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(40):
        for i in torch.randperm(900).split(30):
            opt.zero_grad()
            F.cross_entropy(net(X_train[i]), y_train[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("val accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("nan_features")
def ratio_with_zero_denominator(seed: int) -> None:
    rng = np.random.default_rng(seed)
    clicks, views = rng.poisson(1.0, 800), rng.poisson(3.0, 800)
    price = rng.normal(size=800)
    y = (clicks + price + rng.normal(size=800) > 1).astype(np.float32)
    with np.errstate(all="ignore"):
        X = np.column_stack([np.minimum(clicks, views) / views, price, clicks, views]).astype(np.float32)
    X = (X - np.nanmean(X, axis=0)) / np.nanstd(X, axis=0)
    X_train, X_val = torch.from_numpy(X[:600]), torch.from_numpy(X[600:])
    y_train, y_val = torch.from_numpy(y[:600]), torch.from_numpy(y[600:])
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(20):
        for i in torch.randperm(600).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[i]).squeeze(1), y_train[i])
            loss.backward()
            optimizer.step()
    print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("nan_loss")
def log_of_zero_by_hand(seed: int) -> None:
    X, y = make_blobs(800, centers=[[-3, -3], [3, 3]], random_state=seed)
    X = torch.tensor(X).float() / 3
    y = torch.tensor(y).float()
    X_train, X_val, y_train, y_val = X[:600], X[600:], y[:600], y[600:]
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        for i in torch.randperm(600).split(50):
            p = torch.sigmoid(model(X_train[i])[:, 0])
            loss = -(y_train[i] * torch.log(p) + (1 - y_train[i]) * torch.log(1 - p)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(model(X_val)[:, 0])
    print("accuracy", ((p > 0.5) == y_val.bool()).float().mean().item())


@case("imbalance")
def fraud_in_three_percent(seed: int) -> None:
    X, y = make_classification(
        3000, n_features=10, n_informative=4, weights=[0.97], flip_y=0.0, class_sep=0.5, random_state=seed
    )
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train = torch.tensor(scaler.transform(X_train)).float()
    X_val = torch.tensor(scaler.transform(X_val)).float()
    y_train = torch.tensor(y_train).float()
    model = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb).view(-1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = (torch.sigmoid(model(X_val)).view(-1) > 0.5).numpy()
    print("accuracy", (pred == y_val).mean())


@case("weak_signal")
def direction_of_a_random_walk(seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(size=1520)
    windows = np.lib.stride_tricks.sliding_window_view(returns, 20)[:-1].copy()
    up = (returns[20:] > 0).astype(np.float32)
    X = torch.from_numpy(windows).float()
    y = torch.from_numpy(up)
    X_train, X_val, y_train, y_val = X[:1100], X[1100:], y[:1100], y[1100:]

    class Lstm(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(1, 8, batch_first=True)
            self.out = nn.Linear(8, 1)

        def forward(self, x: Tensor) -> Tensor:
            _, h = self.rnn(x.unsqueeze(-1))
            return self.out(h[-1]).squeeze(-1)

    model = Lstm()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val) > 0).float() == y_val).float().mean().item())


@case("weak_signal")
def horoscope(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sign, weekday = rng.integers(0, 12, 1600), rng.integers(0, 7, 1600)
    numbers = rng.normal(size=(1600, 4))
    won = rng.random(1600) < 0.5
    X = np.concatenate([np.eye(12)[sign], np.eye(7)[weekday], numbers], axis=1)
    X_train, X_val, y_train, y_val = train_test_split(
        torch.tensor(X).float(), torch.tensor(won).long(), test_size=0.25, random_state=seed
    )
    model = nn.Sequential(nn.Linear(23, 12), nn.ReLU(), nn.Dropout(0.2), nn.Linear(12, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    for _ in range(25):
        model.train()
        for i in torch.randperm(len(X_train)).split(64):
            loss = nn.CrossEntropyLoss()(model(X_train[i]), y_train[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    print((model(X_val).argmax(1) == y_val).float().mean().item())


@case("unshuffled_data")
def file_sorted_by_class(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    order = torch.argsort(y_train)
    train_loader = DataLoader(TensorDataset(X_train[order], y_train[order]), batch_size=16)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(15):
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("unshuffled_data")
def two_csv_files_one_after_the_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cats = rng.normal(0.25, 1.0, size=(500, 8))
    dogs = rng.normal(-0.25, 1.0, size=(500, 8))
    X_train = torch.tensor(np.vstack([cats[:400], dogs[:400]])).float()
    y_train = torch.cat([torch.zeros(400), torch.ones(400)]).long()
    X_val = torch.tensor(np.vstack([cats[400:], dogs[400:]])).float()
    y_val = torch.cat([torch.zeros(100), torch.ones(100)]).long()
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(15):
        for k in range(0, 800, 10):
            loss = F.cross_entropy(net(X_train[k : k + 10]), y_train[k : k + 10])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("overfitting")
def sixty_rows_many_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(360, 80))
    y = X[:, 0] + X[:, 1] - X[:, 2] + 0.7 * rng.normal(size=360) > 0
    X, y = torch.tensor(X).float(), torch.tensor(y).float()
    X_train, X_val, y_train, y_val = X[:60], X[60:], y[:60], y[60:]
    model = nn.Sequential(nn.Linear(80, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(150):
        for i in torch.randperm(60).split(20):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[i]).squeeze(1), y_train[i]).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("overfitting")
def all_cubic_terms_of_a_small_table(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    rng = np.random.default_rng(seed)
    X_train, X_val = X_train[:90, :6], X_val[:, :6]
    poly = PolynomialFeatures(3, include_bias=False)
    A, B = poly.fit_transform(X_train + rng.normal(scale=1.5, size=X_train.shape)), X_val.numpy()
    B = poly.transform(B + rng.normal(scale=1.5, size=B.shape))
    scaler = StandardScaler().fit(A)
    A, B = torch.tensor(scaler.transform(A)).float(), torch.tensor(scaler.transform(B)).float()
    y = y_train[:90].unsqueeze(1)
    model = nn.Sequential(nn.Linear(A.shape[1], 128), nn.ReLU(), nn.Linear(128, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(200):
        for i in torch.randperm(90).split(30):
            loss = nn.BCEWithLogitsLoss()(model(A[i]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((model(B) > 0).float() == y_val.unsqueeze(1)).float().mean().item())


@case("labels_single_class")
def compared_with_the_wrong_string(seed: int) -> None:
    X, y = make_moons(600, noise=0.2, random_state=seed)
    names = np.where(y == 1, "Yes", "No")
    target = torch.tensor(names == "yes").float()
    X = torch.tensor(StandardScaler().fit_transform(X)).float()
    X_train, X_val, y_train, y_val = X[:450], X[450:], target[:450], target[450:]
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(30):
        for i in torch.randperm(450).split(45):
            optimizer.zero_grad()
            F.binary_cross_entropy(model(X_train[i]).squeeze(1), y_train[i]).backward()
            optimizer.step()
    print(((model(X_val).squeeze(1) > 0.5).float() == y_val).float().mean().item())


@case("label_encoding")
def labels_one_and_two_fresh(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    y_train, y_val = y_train + 1, y_val + 1
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0).float() + 1 == y_val).float().mean().item())


@case("augmentation_too_heavy")
def jitter_five_sigma(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(50):
        for i in torch.randperm(len(X_train)).split(50):
            noisy = X_train[i] + 5 * torch.randn_like(X_train[i])
            loss = F.binary_cross_entropy_with_logits(model(noisy)[:, 0], y_train[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("padding_not_masked")
def short_reviews_padded_to_eighty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(4, 10, 900)
    tokens = np.zeros((900, 80), dtype=np.int64)
    y = np.zeros(900, dtype=np.float32)
    for row, n in enumerate(lengths):
        words = rng.integers(1, 21, n)
        tokens[row, :n] = words
        y[row] = (words > 10).mean() > 0.5
    tokens, y = torch.from_numpy(tokens), torch.from_numpy(y)

    class Reviews(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(21, 8, padding_idx=0)
            self.rnn = nn.RNN(8, 16, batch_first=True)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.rnn(self.embedding(x))
            return self.fc(out[:, -1]).squeeze(1)

    model = Reviews()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(12):
        for i in torch.randperm(700).split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(tokens[i]), y[i]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((model(tokens[700:]) > 0).float() == y[700:]).float().mean().item())


@case("wrong_axis")
def recurrent_net_without_batch_first(seed: int) -> None:
    X, digits = load_digits(return_X_y=True)
    X = torch.tensor(X / 16).float().view(-1, 8, 8)
    y = torch.tensor(digits % 2).float()
    order = torch.randperm(len(X))
    X, y = X[order], y[order]
    X_train, X_val, y_train, y_val = X[:1300], X[1300:], y[:1300], y[1300:]

    class RowReader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(8, 24)
            self.head = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.gru(x)
            return self.head(out[:, -1]).squeeze(-1)

    model = RowReader()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(6):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val) > 0).float() == y_val).float().mean().item())


# --- training dynamics ---


@case("lr_too_high")
def adam_with_rate_two_fresh(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2.0)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb.unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val) > 0).float() == y_val.unsqueeze(1)).float().mean().item())


@case("lr_too_low")
def careful_sgd(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.SGD(net.parameters(), lr=1e-5)
    for _ in range(60):
        for i in torch.randperm(len(X_train)).split(20):
            opt.zero_grad()
            F.cross_entropy(net(X_train[i]), y_train[i].long()).backward()
            opt.step()
    print((net(X_val).argmax(1).numpy() == y_val.numpy()).mean())


@case("undertrained")
def two_epochs_of_big_batches(seed: int) -> None:
    X, y = make_circles(2000, noise=0.08, factor=0.5, random_state=seed)
    X = torch.tensor(StandardScaler().fit_transform(X)).float()
    y = torch.tensor(y).float()
    X_train, X_val, y_train, y_val = X[:1500], X[1500:], y[:1500], y[1500:]
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(3):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=256, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("scheduler_misuse")
def exponential_decay_in_the_batch_loop(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = nn.BCEWithLogitsLoss()(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("vanishing_gradients")
def ten_sigmoid_layers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    layers: list[nn.Module] = []
    width = X_train.shape[1]
    for _ in range(10):
        layers += [nn.Linear(width, 20), nn.Sigmoid()]
        width = 20
    model = nn.Sequential(*layers, nn.Linear(20, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            nn.CrossEntropyLoss()(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print((model(X_val).argmax(1) == y_val).float().mean().item())


@case("bad_init")
def every_weight_the_same(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    for p in model.parameters():
        nn.init.constant_(p, 0.1)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        for i in torch.randperm(len(X_train)).split(40):
            loss = F.binary_cross_entropy_with_logits(model(X_train[i]).flatten(), y_train[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).flatten() > 0) == y_val.bool()).float().mean().item())


@case("regularisation_too_strong")
def weight_decay_of_one_fresh(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1.0)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    print(((logits > 0) == y_val.bool()).float().mean().item(), roc_auc_score(y_val, logits))


@case("regularisation_too_strong")
def dropout_everywhere(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(
        nn.Linear(2, 32), nn.ReLU(), nn.Dropout(0.95),
        nn.Linear(32, 32), nn.ReLU(), nn.Dropout(0.95),
        nn.Linear(32, 1),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(50):
        model.train()
        for i in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[i]).squeeze(1), y_train[i]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("underfitting")
def logistic_regression_on_rings(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    w = torch.zeros(2, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=0.1)

    def model(x: Tensor) -> Tensor:
        return x @ w + b

    for _ in range(30):
        for i in torch.randperm(len(X_train)).split(30):
            loss = F.binary_cross_entropy_with_logits(model(X_train[i]), y_train[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val) > 0) == y_val.bool()).float().mean().item())


# --- loss, output, parameters, graph ---


@case("no_nonlinearity")
def deep_but_linear(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class DeepNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 64)
            self.fc2 = nn.Linear(64, 64)
            self.fc3 = nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.fc3(self.fc2(self.fc1(x))))

    model = DeepNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            nn.BCELoss()(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0.5) == y_val.bool()).float().mean().item())


@case("class_weights_wrong")
def weights_for_the_wrong_class(seed: int) -> None:
    X, y = make_classification(1600, n_features=8, n_informative=4, weights=[0.85], class_sep=0.8, random_state=seed)
    X = torch.tensor(StandardScaler().fit_transform(X)).float()
    y = torch.tensor(y)
    X_train, X_val, y_train, y_val = X[:1200], X[1200:], y[:1200], y[1200:]
    counts = torch.bincount(y_train).float()
    model = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 2))
    criterion = nn.CrossEntropyLoss(weight=counts / counts.min())
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        pred = model(X_val).argmax(1)
    print((pred == y_val).float().mean().item(), f1_score(y_val, pred))


@case("double_sigmoid")
def sigmoid_in_forward_and_in_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(X_train.shape[1], 32)
            self.drop = nn.Dropout(0.1)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.fc2(self.drop(F.relu(self.fc1(x)))))

    model = Net()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(25):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0.5) == y_val.bool()).float().mean().item())


@case("shape_broadcast")
def forgot_to_squeeze_in_own_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            loss = ((model(xb) - yb) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val)[:, 0] > 0.5) == y_val.bool()).float().mean().item())


@case("ce_single_output")
def cross_entropy_one_column(seed: int) -> None:
    X, y = make_moons(800, noise=0.2, random_state=seed)
    X = torch.tensor(StandardScaler().fit_transform(X)).float()
    y = torch.tensor(y).float().unsqueeze(1)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X[:600], y[:600]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X[600:]) > 0).float() == y[600:]).float().mean().item())


@case("optimizer_wrong_params")
def model_rebuilt_after_the_optimizer_fresh(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 2))
    criterion = nn.CrossEntropyLoss()
    for _ in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    print((model(X_val).argmax(1) == y_val).float().mean().item())


@case("unregistered_params")
def layers_in_a_python_list_fresh(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Mlp(nn.Module):
        def __init__(self, sizes: list[int]) -> None:
            super().__init__()
            self.hidden = [nn.Linear(a, b) for a, b in pairwise(sizes)]
            self.out = nn.Linear(sizes[-1], 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.hidden:
                x = torch.relu(layer(x))
            return self.out(x).squeeze(1)

    model = Mlp([2, 5, 5, 3])
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        for i in torch.randperm(len(X_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(X_train[i]), y_train[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val) > 0) == y_val.bool()).float().mean().item())


@case("graph_detached")
def loss_wrapped_in_a_new_tensor(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(30):
        for i in torch.randperm(len(X_train)).split(32):
            out = model(X_train[i]).squeeze(1)
            loss = torch.tensor(F.binary_cross_entropy(out, y_train[i]).item(), requires_grad=True)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0.5) == y_val.bool()).float().mean().item())


@case("nondifferentiable_output")
def rounded_probabilities(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())

        def forward(self, x: Tensor) -> Tensor:
            return torch.round(self.body(x)).squeeze(1)

    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.mse_loss(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print((model(X_val) == y_val).float().mean().item())


@case("no_zero_grad")
def gradients_pile_up(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            loss = criterion(model(xb), yb[:, None])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val) > 0).float() == y_val[:, None]).float().mean().item())


@case("no_optimizer_step")
def scheduler_steps_optimizer_does_not(seed: int) -> None:
    X, y = make_classification(1000, n_features=10, n_informative=5, class_sep=1.5, random_state=seed)
    X = torch.tensor(StandardScaler().fit_transform(X)).float()
    y = torch.tensor(y)
    model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X[:750], y[:750]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
    with torch.no_grad():
        print((model(X[750:]).argmax(1) == y[750:]).float().mean().item())


# --- modes and evaluation ---


@case("eval_mode_missing")
def dropout_on_during_validation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(
        nn.Linear(2, 32), nn.ReLU(), nn.Dropout(0.7),
        nn.Linear(32, 32), nn.ReLU(), nn.Dropout(0.7),
        nn.Linear(32, 1),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        prob = torch.sigmoid(model(X_val)).squeeze(1)
    print(((prob > 0.5) == y_val.bool()).float().mean().item())


@case("batchnorm_stats")
def tiny_batchnorm_momentum(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    model = nn.Sequential(
        nn.BatchNorm1d(X_train.shape[1], momentum=1e-4), nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(30):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True, drop_last=True):
            optimizer.zero_grad()
            nn.BCEWithLogitsLoss()(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("accuracy_broadcast")
def column_against_row(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy(model(xb), yb.unsqueeze(1)).backward()
            optimizer.step()
    with torch.no_grad():
        pred = (model(X_val) > 0.5).float()
        print((pred == y_val).float().mean().item())


@case("threshold_on_logits")
def rounded_logits(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(25):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = torch.round(model(X_val).squeeze(1))
        print("accuracy", (pred == y_val).float().mean().item())


@case("argmax_single_output")
def argmax_of_one_logit(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
    for _ in range(30):
        for i in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[i]), y_train[i].unsqueeze(1)).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        predicted = net(X_val).argmax(dim=1)
    print((predicted == y_val).float().mean().item())


# --- healthy ---


@case("healthy")
def xor_of_signs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, size=(1600, 2)) * 1.7
    y = (X[:, 0] * X[:, 1] > 0).astype(np.float32)
    X, y = torch.from_numpy(X).float(), torch.from_numpy(y)
    model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X[:1200], y[:1200]), batch_size=48, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X[1200:]).squeeze(1) > 0) == y[1200:].bool()).float().mean().item())


@case("healthy")
def smoothed_labels(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    soft = y_train * 0.9 + 0.05
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(25):
        for i in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[i]).squeeze(1), soft[i]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def hinge_loss_plus_minus_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    t_train, t_val = 2 * y_train - 1, 2 * y_val - 1
    svm = nn.Linear(X_train.shape[1], 1)
    opt = torch.optim.SGD(svm.parameters(), lr=0.02, weight_decay=1e-3)
    for _ in range(30):
        for i in torch.randperm(len(X_train)).split(20):
            loss = torch.clamp(1 - t_train[i] * svm(X_train[i]).squeeze(1), min=0).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print((torch.sign(svm(X_val).squeeze(1)) == t_val).float().mean().item())


@case("healthy")
def accumulated_gradients(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    steps = 4
    for _ in range(12):
        optimizer.zero_grad()
        loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)
        for k, (xb, yb) in enumerate(loader):
            (criterion(model(xb).squeeze(1), yb) / steps).backward()
            if (k + 1) % steps == 0 or k + 1 == len(loader):
                optimizer.step()
                optimizer.zero_grad()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def frozen_encoder_after_pretraining(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU())
    pretext = nn.Linear(24, 64)
    opt = torch.optim.Adam([*encoder.parameters(), *pretext.parameters()], lr=2e-3)
    for _ in range(15):
        for i in torch.randperm(len(X_train)).split(64):
            opt.zero_grad()
            F.mse_loss(pretext(encoder(X_train[i])), X_train[i]).backward()
            opt.step()
    for p in encoder.parameters():
        p.requires_grad = False
    model = nn.Sequential(encoder, nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=3e-3)
    for _ in range(20):
        for i in torch.randperm(len(X_train)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(X_train[i]), y_train[i].long()).backward()
            optimizer.step()
    with torch.no_grad():
        logits = model(X_val)
    print((logits.argmax(1) == y_val).float().mean().item(), roc_auc_score(y_val, logits[:, 1] - logits[:, 0]))


@case("healthy")
def one_hot_columns_not_scaled(seed: int) -> None:
    rng = np.random.default_rng(seed)
    city, job = rng.integers(0, 10, 1500), rng.integers(0, 6, 1500)
    effect_city, effect_job = rng.normal(size=10) * 1.5, rng.normal(size=6) * 1.5
    y = (effect_city[city] + effect_job[job] + rng.logistic(size=1500) * 0.5 > 0).astype(np.float32)
    X = np.hstack([np.eye(10)[city], np.eye(6)[job]]).astype(np.float32)
    X_train, X_val, y_train, y_val = map(torch.from_numpy, train_test_split(X, y, test_size=0.3, random_state=seed))
    model = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def batchnorm_first_on_raw_table(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    n = X_train.shape[1]
    model = nn.Sequential(nn.BatchNorm1d(n), nn.Linear(n, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(25):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True, drop_last=True):
            optimizer.zero_grad()
            nn.BCELoss()(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0.5) == y_val.bool()).float().mean().item())


@case("healthy")
def cnn_on_pixels_zero_to_one(seed: int) -> None:
    images, digits = load_digits(return_X_y=True)
    X = torch.tensor(images / 16).float().view(-1, 1, 8, 8)
    y = torch.tensor(digits % 2)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)

    class Cnn(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.fc = nn.Linear(16 * 4, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(x.flatten(1))

    cnn = Cnn()
    opt = torch.optim.Adam(cnn.parameters(), lr=4e-3)
    for _ in range(9):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(cnn(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print((cnn(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def packed_sequences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 15, 800)
    X = np.zeros((800, 15, 2), dtype=np.float32)
    y = np.zeros(800, dtype=np.float32)
    for row, n in enumerate(lengths):
        X[row, :n] = rng.normal(size=(n, 2))
        y[row] = X[row, :n, 0].sum() > 0
    X, y, lengths = torch.from_numpy(X), torch.from_numpy(y), torch.from_numpy(lengths)

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(2, 12, batch_first=True)
            self.fc = nn.Linear(12, 1)

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            _, h = self.gru(pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False))
            return self.fc(h[-1]).squeeze(-1)

    model = Reader()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(15):
        for i in torch.randperm(600).split(40):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i], lengths[i]), y[i]).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X[600:], lengths[600:]) > 0) == y[600:].bool()).float().mean().item())


@case("healthy")
def rare_class_with_tuned_threshold(seed: int) -> None:
    X, y = make_classification(
        3000, n_features=8, n_informative=4, weights=[0.93], class_sep=1.2, flip_y=0.0, random_state=seed
    )
    X = torch.tensor(StandardScaler().fit_transform(X)).float()
    y = torch.tensor(y).float()
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
    model = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            nn.BCEWithLogitsLoss()(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        train_prob = torch.sigmoid(model(X_train)).squeeze(1).numpy()
        prob = torch.sigmoid(model(X_val)).squeeze(1).numpy()
    best = max(np.linspace(0.05, 0.9, 40), key=lambda t: f1_score(y_train, train_prob > t))
    print("f1", f1_score(y_val, prob > best), "acc", ((prob > best) == y_val.numpy()).mean())


@case("healthy")
def weighted_sampler_on_rare_class(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    share = y_train.mean()
    weights = torch.where(y_train == 1, 1 / share, 1 / (1 - share))
    sampler = WeightedRandomSampler(weights.tolist(), len(y_train))
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=64, sampler=sampler)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    for _ in range(20):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = model(X_val).argmax(1)
    print("balanced", np.mean([(pred[y_val == c] == c).float().mean().item() for c in (0, 1)]))


@case("healthy")
def sorted_file_but_shuffled_loader(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    order = y_train.argsort()
    loader = DataLoader(TensorDataset(X_train[order], y_train[order]), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    for _ in range(20):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def few_distinct_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = rng.integers(0, 3, size=(1400, 4))
    score = (answers - 1) @ np.array([1.2, -0.8, 0.9, 0.5]) + rng.logistic(size=1400) * 0.7
    X = torch.tensor(answers - 1).float()
    y = torch.tensor(score > 0).float()
    X_train, X_val, y_train, y_val = X[:1000], X[1000:], y[:1000], y[1000:]
    model = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for i in torch.randperm(1000).split(40):
            optimizer.zero_grad()
            F.binary_cross_entropy(model(X_train[i]).squeeze(1), y_train[i]).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0.5) == y_val.bool()).float().mean().item())


@case("healthy")
def focal_loss_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            ce = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb, reduction="none")
            loss = ((1 - torch.exp(-ce)) ** 2 * ce).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def residual_net_with_zero_last_layer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Block(nn.Module):
        def __init__(self, n: int) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(n, n), nn.Linear(n, n)
            nn.init.zeros_(self.b.weight)
            nn.init.zeros_(self.b.bias)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.b(F.relu(self.a(x)))

    model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), Block(24), Block(24), nn.Linear(24, 1))
    nn.init.zeros_(model[-1].weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(30):
        for i in torch.randperm(len(X_train)).split(30):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[i]).squeeze(1), y_train[i]).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def one_cycle_per_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=30, shuffle=True)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.03, epochs=30, steps_per_epoch=len(loader))
    for _ in range(30):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        print((model(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def early_stopping_keeps_best(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    best, best_state, waited = float("inf"), copy.deepcopy(model.state_dict()), 0
    for _ in range(50):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            val_loss = criterion(model(X_val).squeeze(1), y_val).item()
        if val_loss < best:
            best, best_state, waited = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited == 5:
                break
    model.load_state_dict(best_state)
    model.eval()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def overlapping_heights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 1600)
    height, weight = 165 + 9 * y + rng.normal(0, 8, 1600), 65 + 10 * y + rng.normal(0, 12, 1600)
    X = np.column_stack([height, weight])
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train = torch.tensor(scaler.transform(X_train)).float()
    X_val = torch.tensor(scaler.transform(X_val)).float()
    y_train = torch.tensor(y_train).float()
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for _ in range(20):
        for i in torch.randperm(1200).split(60):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[i]).squeeze(1), y_train[i]).backward()
            optimizer.step()
    pred = model(X_val).detach().numpy()[:, 0] > 0
    print((pred == y_val).mean())


@case("healthy")
def full_batch_lbfgs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 1))
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(X_train).squeeze(1), y_train)
        loss = loss + 1e-3 * sum((p**2).sum() for p in model.parameters())
        loss.backward()
        return loss

    for _ in range(30):
        optimizer.step(closure)
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def summed_loss_small_rate(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.Tanh(), nn.Linear(24, 1))
    criterion = nn.BCEWithLogitsLoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.002, momentum=0.8)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 50.0)
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def averaged_weights(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    student = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    teacher = copy.deepcopy(student)
    for p in teacher.parameters():
        p.requires_grad_(False)
    optimizer = torch.optim.Adam(student.parameters(), lr=0.01)
    for _ in range(30):
        for i in torch.randperm(len(X_train)).split(30):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(student(X_train[i]).squeeze(1), y_train[i]).backward()
            optimizer.step()
            with torch.no_grad():
                for slow, fast in zip(teacher.parameters(), student.parameters(), strict=True):
                    slow.lerp_(fast, 0.02)
    teacher.eval()
    with torch.no_grad():
        print(((teacher(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def mixup_on_tables(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    mix = torch.distributions.Beta(0.2, 0.2)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            other, lam = torch.randperm(len(xb)), mix.sample()
            mixed = lam * xb + (1 - lam) * xb[other]
            target = lam * yb + (1 - lam) * yb[other]
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(mixed).squeeze(1), target).backward()
            optimizer.step()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def encoded_strings_and_minmax(seed: int) -> None:
    X, y = make_moons(1000, noise=0.2, random_state=seed)
    names = np.where(y == 1, "malignant", "benign")
    labels = LabelEncoder().fit_transform(names)
    X_train, X_val, y_train, y_val = train_test_split(X * 100 + 500, labels, test_size=0.25, random_state=seed)
    scaler = MinMaxScaler((-1, 1)).fit(X_train)
    X_train = torch.tensor(scaler.transform(X_train), dtype=torch.float32)
    X_val = torch.tensor(scaler.transform(X_val), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))
    model.append(nn.LogSoftmax(dim=1))
    optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
    targets = torch.tensor(y_train)
    for _ in range(40):
        for i in torch.randperm(len(X_train)).split(30):
            optimizer.zero_grad()
            F.nll_loss(model(X_train[i]), targets[i]).backward()
            optimizer.step()
    print((model(X_val).detach().numpy().argmax(axis=1) == y_val).mean())


@case("healthy")
def deep_tanh_with_batchnorm_and_cosine(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    layers: list[nn.Module] = []
    for n in (2, 20, 20, 20, 20):
        layers += [nn.Linear(n, 20), nn.BatchNorm1d(20), nn.Tanh()]
    model = nn.Sequential(*layers, nn.Linear(20, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
    for _ in range(20):
        model.train()
        for i in torch.randperm(len(X_train)).split(30):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[i]).squeeze(1), y_train[i]).backward()
            optimizer.step()
        scheduler.step()
    model.eval()
    with torch.no_grad():
        print(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def slow_and_fast_sine_waves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 900)
    t = np.linspace(0, 1, 32)
    rate = np.where(y == 1, 4.5, 3.0) + rng.normal(scale=0.4, size=900)
    waves = np.sin(2 * np.pi * (rate[:, None] * t + rng.random((900, 1)))) + rng.normal(scale=0.4, size=(900, 32))
    X, y = torch.tensor(waves).float().unsqueeze(1), torch.tensor(y).float()
    model = nn.Sequential(
        nn.Conv1d(1, 12, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(12, 12, 5, padding=2), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(12, 1),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X[:700], y[:700]), batch_size=35, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print(((model(X[700:]).squeeze(1) > 0) == y[700:].bool()).float().mean().item())
