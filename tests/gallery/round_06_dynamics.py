"""Trainings whose faults lie in their dynamics or their data: the code of sick and healthy ones is nearly the same."""

import copy
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, recall_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler


@case("lr_too_high")
def spam_sgd_rate_of_three(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(x_train, y_train.unsqueeze(1)), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=3.0, momentum=0.9)
    for _ in range(20):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(x_val).squeeze(1)
    accuracy = ((scores > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}  AUC {roc_auc_score(y_val, scores.nan_to_num()):.3f}")


@case("lr_too_high")
def spam_sgd_momentum_nearly_one(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(x_train, y_train.unsqueeze(1)), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.998)
    for _ in range(20):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(x_val).squeeze(1)
    accuracy = ((scores > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}  AUC {roc_auc_score(y_val, scores.nan_to_num()):.3f}")


@case("lr_too_low")
def spam_sgd_timid_rate(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(x_train, y_train.unsqueeze(1)), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=2e-5, momentum=0.9)
    for _ in range(20):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(x_val).squeeze(1)
    accuracy = ((scores > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}  AUC {roc_auc_score(y_val, scores.nan_to_num()):.3f}")


@case("healthy")
def clouds_sgd_bold_rate_that_works(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    loader = DataLoader(TensorDataset(x_train, y_train.unsqueeze(1)), batch_size=100, shuffle=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.0)
    for _ in range(10):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(x_val).squeeze(1)
    accuracy = ((scores > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}  AUC {roc_auc_score(y_val, scores.nan_to_num()):.3f}")


@case("lr_too_low")
def circles_sgd_rate_fit_for_spam(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    loader = DataLoader(TensorDataset(x_train, y_train.unsqueeze(1)), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.0)
    for _ in range(40):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(x_val).squeeze(1)
    accuracy = ((scores > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}  AUC {roc_auc_score(y_val, scores.nan_to_num()):.3f}")


@case("healthy")
def adam_two_layers_at_one_hundredth(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    layers: list[nn.Module] = []
    width = X_train.shape[1]
    for _ in range(2):
        layers += [nn.Linear(width, 64), nn.ReLU()]
        width = 64
    net = nn.Sequential(*layers, nn.Linear(width, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    n = len(X_train)
    for _ in range(6):
        order = torch.randperm(n)
        for start in range(0, n, 50):
            rows = order[start : start + 50]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_train[rows]).flatten(), y_train[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        val_scores = net(X_val).flatten()
    print(
        "val AUC",
        round(float(roc_auc_score(y_val, val_scores)), 3),
        "acc",
        round(float(((val_scores > 0) == (y_val > 0.5)).float().mean()), 3),
    )


@case("lr_too_high")
def adam_eight_layers_at_one_tenth(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    layers: list[nn.Module] = []
    width = X_train.shape[1]
    for _ in range(8):
        layers += [nn.Linear(width, 64), nn.ReLU()]
        width = 64
    net = nn.Sequential(*layers, nn.Linear(width, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.1)
    n = len(X_train)
    for _ in range(12):
        order = torch.randperm(n)
        for start in range(0, n, 50):
            rows = order[start : start + 50]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_train[rows]).flatten(), y_train[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        val_scores = net(X_val).flatten()
    print(
        "val AUC",
        round(float(roc_auc_score(y_val, val_scores)), 3),
        "acc",
        round(float(((val_scores > 0) == (y_val > 0.5)).float().mean()), 3),
    )


@case("healthy")
def adam_one_layer_at_one_tenth(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    layers: list[nn.Module] = []
    width = X_train.shape[1]
    for _ in range(1):
        layers += [nn.Linear(width, 8), nn.ReLU()]
        width = 8
    net = nn.Sequential(*layers, nn.Linear(width, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.1)
    n = len(X_train)
    for _ in range(10):
        order = torch.randperm(n)
        for start in range(0, n, 50):
            rows = order[start : start + 50]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_train[rows]).flatten(), y_train[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        val_scores = net(X_val).flatten()
    print(
        "val AUC",
        round(float(roc_auc_score(y_val, val_scores)), 3),
        "acc",
        round(float(((val_scores > 0) == (y_val > 0.5)).float().mean()), 3),
    )


@case("lr_too_high")
def adam_rate_of_one_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    layers: list[nn.Module] = []
    width = X_train.shape[1]
    for _ in range(3):
        layers += [nn.Linear(width, 64), nn.ReLU()]
        width = 64
    net = nn.Sequential(*layers, nn.Linear(width, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.5)
    n = len(X_train)
    for _ in range(30):
        order = torch.randperm(n)
        for start in range(0, n, 50):
            rows = order[start : start + 50]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_train[rows]).flatten(), y_train[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        val_scores = net(X_val).flatten()
    print(
        "val AUC",
        round(float(roc_auc_score(y_val, val_scores)), 3),
        "acc",
        round(float(((val_scores > 0) == (y_val > 0.5)).float().mean()), 3),
    )


@case("healthy")
def adam_six_layers_small_rate(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    layers: list[nn.Module] = []
    width = X_train.shape[1]
    for _ in range(6):
        layers += [nn.Linear(width, 64), nn.ReLU()]
        width = 64
    net = nn.Sequential(*layers, nn.Linear(width, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.001)
    n = len(X_train)
    for _ in range(15):
        order = torch.randperm(n)
        for start in range(0, n, 50):
            rows = order[start : start + 50]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_train[rows]).flatten(), y_train[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        val_scores = net(X_val).flatten()
    print(
        "val AUC",
        round(float(roc_auc_score(y_val, val_scores)), 3),
        "acc",
        round(float(((val_scores > 0) == (y_val > 0.5)).float().mean()), 3),
    )


@case("regularisation_too_strong")
def decay_fine_elsewhere_kills_circles(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    x_train, y_train = x_train[:600], y_train[:600]

    class Net(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.hidden = nn.Linear(n_in, 64)
            self.drop = nn.Dropout(0.0)
            self.second = nn.Linear(64, 64)
            self.out = nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(torch.relu(self.hidden(x)))
            x = self.drop(torch.relu(self.second(x)))
            return self.out(x).squeeze(-1)

    model = Net(x_train.shape[1])
    loss_fn = nn.BCEWithLogitsLoss()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.003, weight_decay=0.1)
    train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(40):
        model.train()
        for xb, yb in train_loader:
            loss = loss_fn(model(xb), yb)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    model.eval()
    with torch.no_grad():
        prob = torch.sigmoid(model(x_val))
    print(f"val AUC {roc_auc_score(y_val, prob):.3f}, val accuracy {((prob > 0.5) == y_val.bool()).float().mean():.3f}")


@case("regularisation_too_strong")
def dropout_heavy_few_circles(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    x_train, y_train = x_train[:200], y_train[:200]

    class Net(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.hidden = nn.Linear(n_in, 16)
            self.drop = nn.Dropout(0.9)
            self.second = nn.Linear(16, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(torch.relu(self.hidden(x)))
            x = self.drop(torch.relu(self.second(x)))
            return self.out(x).squeeze(-1)

    model = Net(x_train.shape[1])
    loss_fn = nn.BCEWithLogitsLoss()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.005, weight_decay=0.0)
    train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(80):
        model.train()
        for xb, yb in train_loader:
            loss = loss_fn(model(xb), yb)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    model.eval()
    with torch.no_grad():
        prob = torch.sigmoid(model(x_val))
    print(f"val AUC {roc_auc_score(y_val, prob):.3f}, val accuracy {((prob > 0.5) == y_val.bool()).float().mean():.3f}")


@case("healthy")
def dropout_half_wide_moons(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    x_train, y_train = x_train[:600], y_train[:600]

    class Net(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.hidden = nn.Linear(n_in, 128)
            self.drop = nn.Dropout(0.5)
            self.second = nn.Linear(128, 128)
            self.out = nn.Linear(128, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(torch.relu(self.hidden(x)))
            x = self.drop(torch.relu(self.second(x)))
            return self.out(x).squeeze(-1)

    model = Net(x_train.shape[1])
    loss_fn = nn.BCEWithLogitsLoss()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.005, weight_decay=0.0)
    train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(40):
        model.train()
        for xb, yb in train_loader:
            loss = loss_fn(model(xb), yb)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    model.eval()
    with torch.no_grad():
        prob = torch.sigmoid(model(x_val))
    print(f"val AUC {roc_auc_score(y_val, prob):.3f}, val accuracy {((prob > 0.5) == y_val.bool()).float().mean():.3f}")


@case("healthy")
def dropout_half_few_rows_helps(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)
    x_train, y_train = x_train[:150], y_train[:150]

    class Net(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.hidden = nn.Linear(n_in, 64)
            self.drop = nn.Dropout(0.5)
            self.second = nn.Linear(64, 64)
            self.out = nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(torch.relu(self.hidden(x)))
            x = self.drop(torch.relu(self.second(x)))
            return self.out(x).squeeze(-1)

    model = Net(x_train.shape[1])
    loss_fn = nn.BCEWithLogitsLoss()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.003, weight_decay=1e-3)
    train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(25):
        model.train()
        for xb, yb in train_loader:
            loss = loss_fn(model(xb), yb)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    model.eval()
    with torch.no_grad():
        prob = torch.sigmoid(model(x_val))
    print(f"val AUC {roc_auc_score(y_val, prob):.3f}, val accuracy {((prob > 0.5) == y_val.bool()).float().mean():.3f}")


@case("healthy")
def few_clouds_with_decay(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    x_train, y_train = x_train[:120], y_train[:120]

    class Net(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.hidden = nn.Linear(n_in, 32)
            self.drop = nn.Dropout(0.3)
            self.second = nn.Linear(32, 32)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(torch.relu(self.hidden(x)))
            x = self.drop(torch.relu(self.second(x)))
            return self.out(x).squeeze(-1)

    model = Net(x_train.shape[1])
    loss_fn = nn.BCEWithLogitsLoss()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.003, weight_decay=0.03)
    train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(60):
        model.train()
        for xb, yb in train_loader:
            loss = loss_fn(model(xb), yb)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    model.eval()
    with torch.no_grad():
        prob = torch.sigmoid(model(x_val))
    print(f"val AUC {roc_auc_score(y_val, prob):.3f}, val accuracy {((prob > 0.5) == y_val.bool()).float().mean():.3f}")


@case("undertrained")
def full_batch_few_epochs_circles(seed: int) -> None:
    xt, yt, xv, yv = data("circles", seed)
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(8):
        for part in torch.randperm(len(xt)).split(600):
            opt.zero_grad()
            loss_fn(model(xt[part]), yt[part].long()).backward()
            opt.step()
        with torch.no_grad():
            correct = (model(xv).argmax(dim=1) == yv.long()).float().mean().item()
        if epoch == 8 - 1:
            print(f"epoch {epoch + 1}: val accuracy {correct:.3f}")


@case("healthy")
def full_batch_many_epochs_circles(seed: int) -> None:
    xt, yt, xv, yv = data("circles", seed)
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(400):
        for part in torch.randperm(len(xt)).split(600):
            opt.zero_grad()
            loss_fn(model(xt[part]), yt[part].long()).backward()
            opt.step()
        with torch.no_grad():
            correct = (model(xv).argmax(dim=1) == yv.long()).float().mean().item()
        if epoch == 400 - 1:
            print(f"epoch {epoch + 1}: val accuracy {correct:.3f}")


@case("undertrained")
def one_epoch_big_batches_spam(seed: int) -> None:
    xt, yt, xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1):
        for part in torch.randperm(len(xt)).split(300):
            opt.zero_grad()
            loss_fn(model(xt[part]), yt[part].long()).backward()
            opt.step()
        with torch.no_grad():
            correct = (model(xv).argmax(dim=1) == yv.long()).float().mean().item()
        if epoch == 1 - 1:
            print(f"epoch {epoch + 1}: val accuracy {correct:.3f}")


@case("batch_size_too_small")
def batchnorm_batches_of_two_circles(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=2, shuffle=True, drop_last=True)
    net = nn.Sequential(
        nn.Linear(X.shape[1], 48),
        nn.BatchNorm1d(48),
        nn.ReLU(),
        nn.Linear(48, 24),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(4):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(Xv)[:, 0]
    print("accuracy", round(accuracy_score(yv, logits > 0), 3), "auc", round(roc_auc_score(yv, logits), 3))


@case("batch_size_too_small")
def batchnorm_batches_of_two_spam(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=2, shuffle=True, drop_last=True)
    net = nn.Sequential(
        nn.Linear(X.shape[1], 48),
        nn.BatchNorm1d(48),
        nn.ReLU(),
        nn.Linear(48, 24),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(2):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(Xv)[:, 0]
    print("accuracy", round(accuracy_score(yv, logits > 0), 3), "auc", round(roc_auc_score(yv, logits), 3))


@case("healthy")
def batchnorm_batches_of_32_circles(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=32, shuffle=True, drop_last=True)
    net = nn.Sequential(
        nn.Linear(X.shape[1], 48),
        nn.BatchNorm1d(48),
        nn.ReLU(),
        nn.Linear(48, 24),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(20):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(Xv)[:, 0]
    print("accuracy", round(accuracy_score(yv, logits > 0), 3), "auc", round(roc_auc_score(yv, logits), 3))


@case("batchnorm_stats")
def batchnorm_momentum_hardly_moves(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=64, shuffle=True, drop_last=True)
    net = nn.Sequential(
        nn.Linear(X.shape[1], 48),
        nn.BatchNorm1d(48, momentum=1e-4),
        nn.ReLU(),
        nn.Linear(48, 24),
        nn.BatchNorm1d(24, momentum=1e-4),
        nn.ReLU(),
        nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(18):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(Xv)[:, 0]
    print("accuracy", round(accuracy_score(yv, logits > 0), 3), "auc", round(roc_auc_score(yv, logits), 3))


@case("healthy")
def batchnorm_on_raw_pixels(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=64, shuffle=True, drop_last=True)
    net = nn.Sequential(
        nn.Linear(X.shape[1], 48),
        nn.BatchNorm1d(48),
        nn.ReLU(),
        nn.Linear(48, 24),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(18):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(Xv)[:, 0]
    print("accuracy", round(accuracy_score(yv, logits > 0), 3), "auc", round(roc_auc_score(yv, logits), 3))


@case("batchnorm_stats")
def batchnorm_momentum_keras_convention(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=8, shuffle=True, drop_last=True)
    net = nn.Sequential(
        nn.Linear(X.shape[1], 48),
        nn.BatchNorm1d(48, momentum=0.99),
        nn.ReLU(),
        nn.Linear(48, 24),
        nn.BatchNorm1d(24, momentum=0.99),
        nn.ReLU(),
        nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(10):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(Xv)[:, 0]
    print("accuracy", round(accuracy_score(yv, logits > 0), 3), "auc", round(roc_auc_score(yv, logits), 3))


@case("healthy")
def small_normal_init_one_layer(seed: int) -> None:
    def init_weights(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.05)
            nn.init.zeros_(module.bias)

    x_tr, y_tr, x_va, y_va = data("spambase", seed)
    sizes = [x_tr.shape[1]] + [64] * 1
    blocks: list[nn.Module] = []
    for a, b in pairwise(sizes):
        blocks += [nn.Linear(a, b), nn.ReLU()]
    model = nn.Sequential(*blocks, nn.Linear(64, 1), nn.Flatten(0))
    model.apply(init_weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for idx in torch.randperm(len(x_tr)).split(40):
            loss = criterion(model(x_tr[idx]), y_tr[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = model(x_va)
    print(f"accuracy: {((out >= 0).float() == y_va).float().mean():.3f} auc: {roc_auc_score(y_va, out):.3f}")


@case("bad_init")
def small_normal_init_deep_relu(seed: int) -> None:
    def init_weights(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01)
            nn.init.zeros_(module.bias)

    x_tr, y_tr, x_va, y_va = data("spambase", seed)
    sizes = [x_tr.shape[1]] + [32] * 6
    blocks: list[nn.Module] = []
    for a, b in pairwise(sizes):
        blocks += [nn.Linear(a, b), nn.ReLU()]
    model = nn.Sequential(*blocks, nn.Linear(32, 1), nn.Flatten(0))
    model.apply(init_weights)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(20):
        for idx in torch.randperm(len(x_tr)).split(40):
            loss = criterion(model(x_tr[idx]), y_tr[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = model(x_va)
    print(f"accuracy: {((out >= 0).float() == y_va).float().mean():.3f} auc: {roc_auc_score(y_va, out):.3f}")


@case("bad_init")
def unit_normal_init_deep_relu(seed: int) -> None:
    def init_weights(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight)
            nn.init.zeros_(module.bias)

    x_tr, y_tr, x_va, y_va = data("spambase", seed)
    sizes = [x_tr.shape[1]] + [64] * 4
    blocks: list[nn.Module] = []
    for a, b in pairwise(sizes):
        blocks += [nn.Linear(a, b), nn.ReLU()]
    model = nn.Sequential(*blocks, nn.Linear(64, 1), nn.Flatten(0))
    model.apply(init_weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for idx in torch.randperm(len(x_tr)).split(40):
            loss = criterion(model(x_tr[idx]), y_tr[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = model(x_va)
    print(f"accuracy: {((out >= 0).float() == y_va).float().mean():.3f} auc: {roc_auc_score(y_va, out):.3f}")


@case("bad_init")
def constant_init_symmetric_units(seed: int) -> None:
    def init_weights(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.constant_(module.weight, 0.1)
            nn.init.zeros_(module.bias)

    x_tr, y_tr, x_va, y_va = data("circles", seed)
    sizes = [x_tr.shape[1]] + [32] * 2
    blocks: list[nn.Module] = []
    for a, b in pairwise(sizes):
        blocks += [nn.Linear(a, b), nn.Tanh()]
    model = nn.Sequential(*blocks, nn.Linear(32, 1), nn.Flatten(0))
    model.apply(init_weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(x_tr)).split(40):
            loss = criterion(model(x_tr[idx]), y_tr[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = model(x_va)
    print(f"accuracy: {((out >= 0).float() == y_va).float().mean():.3f} auc: {roc_auc_score(y_va, out):.3f}")


@case("healthy")
def xavier_init_six_tanh(seed: int) -> None:
    def init_weights(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.xavier_normal_(module.weight)
            nn.init.zeros_(module.bias)

    x_tr, y_tr, x_va, y_va = data("moons", seed)
    sizes = [x_tr.shape[1]] + [32] * 6
    blocks: list[nn.Module] = []
    for a, b in pairwise(sizes):
        blocks += [nn.Linear(a, b), nn.Tanh()]
    model = nn.Sequential(*blocks, nn.Linear(32, 1), nn.Flatten(0))
    model.apply(init_weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(x_tr)).split(40):
            loss = criterion(model(x_tr[idx]), y_tr[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = model(x_va)
    print(f"accuracy: {((out >= 0).float() == y_va).float().mean():.3f} auc: {roc_auc_score(y_va, out):.3f}")


@case("healthy")
def kaiming_init_deep_relu_sgd(seed: int) -> None:
    def init_weights(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)

    x_tr, y_tr, x_va, y_va = data("spambase", seed)
    sizes = [x_tr.shape[1]] + [32] * 3
    blocks: list[nn.Module] = []
    for a, b in pairwise(sizes):
        blocks += [nn.Linear(a, b), nn.ReLU()]
    model = nn.Sequential(*blocks, nn.Linear(32, 1), nn.Flatten(0))
    model.apply(init_weights)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(10):
        for idx in torch.randperm(len(x_tr)).split(40):
            loss = criterion(model(x_tr[idx]), y_tr[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = model(x_va)
    print(f"accuracy: {((out >= 0).float() == y_va).float().mean():.3f} auc: {roc_auc_score(y_va, out):.3f}")


@case("vanishing_gradients")
def twelve_sigmoid_layers(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.Sigmoid())
    for _ in range(12 - 1):
        net.append(nn.Linear(32, 32))
        net.append(nn.Sigmoid())
    net.append(nn.Linear(32, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            logit = net(x[rows]).view(-1)
            F.binary_cross_entropy_with_logits(logit, y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        probability = net(x_val).view(-1).sigmoid()
    accuracy = ((probability > 0.5) == y_val.bool()).float().mean()
    print(f"AUC on validation: {roc_auc_score(y_val, probability):.3f}, accuracy {accuracy:.3f}")


@case("vanishing_gradients")
def seven_sigmoid_layers_sgd(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.Sigmoid())
    for _ in range(7 - 1):
        net.append(nn.Linear(32, 32))
        net.append(nn.Sigmoid())
    net.append(nn.Linear(32, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            logit = net(x[rows]).view(-1)
            F.binary_cross_entropy_with_logits(logit, y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        probability = net(x_val).view(-1).sigmoid()
    accuracy = ((probability > 0.5) == y_val.bool()).float().mean()
    print(f"AUC on validation: {roc_auc_score(y_val, probability):.3f}, accuracy {accuracy:.3f}")


@case("healthy")
def one_sigmoid_layer(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.Sigmoid())
    for _ in range(1 - 1):
        net.append(nn.Linear(32, 32))
        net.append(nn.Sigmoid())
    net.append(nn.Linear(32, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(20):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            logit = net(x[rows]).view(-1)
            F.binary_cross_entropy_with_logits(logit, y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        probability = net(x_val).view(-1).sigmoid()
    accuracy = ((probability > 0.5) == y_val.bool()).float().mean()
    print(f"AUC on validation: {roc_auc_score(y_val, probability):.3f}, accuracy {accuracy:.3f}")


@case("healthy")
def five_tanh_layers(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.Tanh())
    for _ in range(5 - 1):
        net.append(nn.Linear(32, 32))
        net.append(nn.Tanh())
    net.append(nn.Linear(32, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(50):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            logit = net(x[rows]).view(-1)
            F.binary_cross_entropy_with_logits(logit, y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        probability = net(x_val).view(-1).sigmoid()
    accuracy = ((probability > 0.5) == y_val.bool()).float().mean()
    print(f"AUC on validation: {roc_auc_score(y_val, probability):.3f}, accuracy {accuracy:.3f}")


@case("underfitting")
def logistic_on_circles(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for epoch in range(60):
        shuffled = torch.randperm(len(x_train))
        for batch in shuffled.chunk(10):
            loss = F.binary_cross_entropy_with_logits(model(x_train[batch]).squeeze(1), y_train[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        if epoch % 20 == 19:
            with torch.no_grad():
                guess = model(x_val).squeeze(1) > 0
            print(f"{epoch + 1:3d} accuracy {(guess == y_val.bool()).float().mean():.3f}")


@case("underfitting")
def two_units_on_circles(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for epoch in range(100):
        shuffled = torch.randperm(len(x_train))
        for batch in shuffled.chunk(10):
            loss = F.binary_cross_entropy_with_logits(model(x_train[batch]).squeeze(1), y_train[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        if epoch % 20 == 19:
            with torch.no_grad():
                guess = model(x_val).squeeze(1) > 0
            print(f"{epoch + 1:3d} accuracy {(guess == y_val.bool()).float().mean():.3f}")


@case("healthy")
def logistic_on_clouds(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for epoch in range(20):
        shuffled = torch.randperm(len(x_train))
        for batch in shuffled.chunk(10):
            loss = F.binary_cross_entropy_with_logits(model(x_train[batch]).squeeze(1), y_train[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        if epoch % 20 == 19:
            with torch.no_grad():
                guess = model(x_val).squeeze(1) > 0
            print(f"{epoch + 1:3d} accuracy {(guess == y_val.bool()).float().mean():.3f}")


@case("healthy")
def eight_units_on_circles(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for epoch in range(100):
        shuffled = torch.randperm(len(x_train))
        for batch in shuffled.chunk(10):
            loss = F.binary_cross_entropy_with_logits(model(x_train[batch]).squeeze(1), y_train[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        if epoch % 20 == 19:
            with torch.no_grad():
                guess = model(x_val).squeeze(1) > 0
            print(f"{epoch + 1:3d} accuracy {(guess == y_val.bool()).float().mean():.3f}")


@case("scheduler_misuse")
def step_size_counted_in_batches(seed: int) -> None:
    features, labels, val_features, val_labels = data("circles", seed)
    loader = DataLoader(TensorDataset(features, labels), batch_size=30, shuffle=True)
    model = nn.Sequential(nn.Linear(features.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.5)
    for _epoch in range(40):
        for batch, target in loader:
            optimizer.zero_grad()
            loss = loss_function(model(batch).squeeze(1), target)
            loss.backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        scores = model(val_features).squeeze(1)
    print("val accuracy", accuracy_score(val_labels, scores > 0), "AUC", round(roc_auc_score(val_labels, scores), 3))


@case("healthy")
def step_size_counted_in_epochs(seed: int) -> None:
    features, labels, val_features, val_labels = data("circles", seed)
    loader = DataLoader(TensorDataset(features, labels), batch_size=30, shuffle=True)
    model = nn.Sequential(nn.Linear(features.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.5)
    for _epoch in range(40):
        for batch, target in loader:
            optimizer.zero_grad()
            loss = loss_function(model(batch).squeeze(1), target)
            loss.backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        scores = model(val_features).squeeze(1)
    print("val accuracy", accuracy_score(val_labels, scores > 0), "AUC", round(roc_auc_score(val_labels, scores), 3))


@case("scheduler_misuse")
def exponential_decay_every_batch(seed: int) -> None:
    features, labels, val_features, val_labels = data("moons", seed)
    loader = DataLoader(TensorDataset(features, labels), batch_size=30, shuffle=True)
    model = nn.Sequential(nn.Linear(features.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
    for _epoch in range(40):
        for batch, target in loader:
            optimizer.zero_grad()
            loss = loss_function(model(batch).squeeze(1), target)
            loss.backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        scores = model(val_features).squeeze(1)
    print("val accuracy", accuracy_score(val_labels, scores > 0), "AUC", round(roc_auc_score(val_labels, scores), 3))


@case("scheduler_misuse")
def warmup_longer_than_training(seed: int) -> None:
    features, labels, val_features, val_labels = data("circles", seed)
    loader = DataLoader(TensorDataset(features, labels), batch_size=30, shuffle=True)
    model = nn.Sequential(nn.Linear(features.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 200_000))
    for _epoch in range(40):
        for batch, target in loader:
            optimizer.zero_grad()
            loss = loss_function(model(batch).squeeze(1), target)
            loss.backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        scores = model(val_features).squeeze(1)
    print("val accuracy", accuracy_score(val_labels, scores > 0), "AUC", round(roc_auc_score(val_labels, scores), 3))


@case("healthy")
def warmup_of_hundred_steps(seed: int) -> None:
    features, labels, val_features, val_labels = data("circles", seed)
    loader = DataLoader(TensorDataset(features, labels), batch_size=30, shuffle=True)
    model = nn.Sequential(nn.Linear(features.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 100))
    for _epoch in range(40):
        for batch, target in loader:
            optimizer.zero_grad()
            loss = loss_function(model(batch).squeeze(1), target)
            loss.backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        scores = model(val_features).squeeze(1)
    print("val accuracy", accuracy_score(val_labels, scores > 0), "AUC", round(roc_auc_score(val_labels, scores), 3))


@case("scheduler_misuse")
def plateau_in_wrong_mode(seed: int) -> None:
    features, labels, val_features, val_labels = data("circles", seed)
    loader = DataLoader(TensorDataset(features, labels), batch_size=30, shuffle=True)
    model = nn.Sequential(nn.Linear(features.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", factor=0.1, patience=0)
    for _epoch in range(40):
        for batch, target in loader:
            optimizer.zero_grad()
            loss = loss_function(model(batch).squeeze(1), target)
            loss.backward()
            optimizer.step()
        scheduler.step(loss.item())
    with torch.no_grad():
        scores = model(val_features).squeeze(1)
    print("val accuracy", accuracy_score(val_labels, scores > 0), "AUC", round(roc_auc_score(val_labels, scores), 3))


@case("undertrained")
def patience_one_on_noisy_accuracy(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    best, bad_epochs, best_state = 0.0, 0, copy.deepcopy(model.state_dict())
    for _epoch in range(200):
        for rows in torch.randperm(len(x_train)).split(64):
            loss = loss_fn(model(x_train[rows])[:, 0], y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            metric = ((model(x_val[:20])[:, 0] > 0).float() == y_val[:20]).float().mean().item()
        if metric > best:
            best, bad_epochs, best_state = metric, 0, copy.deepcopy(model.state_dict())
        else:
            bad_epochs += 1
            if bad_epochs >= 1:
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        final = model(x_val)[:, 0]
    print(f"AUC {roc_auc_score(y_val, final):.3f} accuracy {((final > 0).float() == y_val).float().mean():.3f}")


@case("undertrained")
def patience_one_on_recall_at_the_start(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    best, bad_epochs, best_state = 0.0, 0, copy.deepcopy(model.state_dict())
    for _epoch in range(200):
        for rows in torch.randperm(len(x_train)).split(64):
            loss = loss_fn(model(x_train[rows])[:, 0], y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            metric = recall_score(y_val, model(x_val)[:, 0] > 0, zero_division=0)
        if metric > best:
            best, bad_epochs, best_state = metric, 0, copy.deepcopy(model.state_dict())
        else:
            bad_epochs += 1
            if bad_epochs >= 1:
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        final = model(x_val)[:, 0]
    print(f"AUC {roc_auc_score(y_val, final):.3f} accuracy {((final > 0).float() == y_val).float().mean():.3f}")


@case("healthy")
def patience_fifteen_on_loss(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    best, bad_epochs, best_state = -float("inf"), 0, copy.deepcopy(model.state_dict())
    for _epoch in range(200):
        for rows in torch.randperm(len(x_train)).split(64):
            loss = loss_fn(model(x_train[rows])[:, 0], y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            metric = -loss_fn(model(x_val)[:, 0], y_val).item()
        if metric > best:
            best, bad_epochs, best_state = metric, 0, copy.deepcopy(model.state_dict())
        else:
            bad_epochs += 1
            if bad_epochs >= 15:
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        final = model(x_val)[:, 0]
    print(f"AUC {roc_auc_score(y_val, final):.3f} accuracy {((final > 0).float() == y_val).float().mean():.3f}")


@case("healthy")
def patience_twenty_on_auc(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    loss_fn = nn.BCEWithLogitsLoss()
    best, bad_epochs, best_state = 0.0, 0, copy.deepcopy(model.state_dict())
    for _epoch in range(200):
        for rows in torch.randperm(len(x_train)).split(64):
            loss = loss_fn(model(x_train[rows])[:, 0], y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            metric = roc_auc_score(y_val, model(x_val)[:, 0])
        if metric > best:
            best, bad_epochs, best_state = metric, 0, copy.deepcopy(model.state_dict())
        else:
            bad_epochs += 1
            if bad_epochs >= 20:
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        final = model(x_val)[:, 0]
    print(f"AUC {roc_auc_score(y_val, final):.3f} accuracy {((final > 0).float() == y_val).float().mean():.3f}")


@case("class_weights_wrong")
def weight_of_positives_inverted(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    weight = y_train.sum() / (1 - y_train).sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    for _ in range(10):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (model(x_val).squeeze(1) > 0).float()
    print(f"balanced accuracy {balanced_accuracy_score(y_val, predicted):.3f}, F1 {f1_score(y_val, predicted):.3f}")


@case("healthy")
def weight_of_positives_right(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    weight = (1 - y_train).sum() / y_train.sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    for _ in range(8):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (model(x_val).squeeze(1) > 0).float()
    print(f"balanced accuracy {balanced_accuracy_score(y_val, predicted):.3f}, F1 {f1_score(y_val, predicted):.3f}")


@case("class_weights_wrong")
def weight_of_positives_from_fraud_table(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    weight = torch.tensor(284315 / 492)
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
    for _ in range(12):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (model(x_val).squeeze(1) > 0).float()
    print(f"balanced accuracy {balanced_accuracy_score(y_val, predicted):.3f}, F1 {f1_score(y_val, predicted):.3f}")


@case("class_weights_wrong")
def sampler_weights_by_frequency(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)
    counts = torch.bincount(y_train.long())
    weights = counts[y_train.long()].double() ** 2
    sampler = WeightedRandomSampler(weights.tolist(), num_samples=len(weights), replacement=True)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, sampler=sampler)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(12):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        hits = net(x_val) > 0
    print(f"recall {recall_score(y_val, hits):.2f} balanced accuracy {balanced_accuracy_score(y_val, hits):.3f}")


@case("healthy")
def sampler_weights_by_rarity(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)
    counts = torch.bincount(y_train.long())
    weights = 1.0 / counts[y_train.long()].double()
    sampler = WeightedRandomSampler(weights.tolist(), num_samples=len(weights), replacement=True)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, sampler=sampler)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(12):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        hits = net(x_val) > 0
    print(f"recall {recall_score(y_val, hits):.2f} balanced accuracy {balanced_accuracy_score(y_val, hits):.3f}")


@case("healthy")
def noise_of_a_fifth_on_spam(seed: int) -> None:
    def augment(batch: Tensor) -> Tensor:
        return batch + 0.2 * torch.randn_like(batch)

    x_train, y_train, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in torch.randperm(len(x_train)).split(48):
            logits = net(augment(x_train[rows])).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        val_logits = net(x_val).squeeze(1)
    print(f"acc={((val_logits > 0) == y_val.bool()).float().mean():.3f} auc={roc_auc_score(y_val, val_logits):.3f}")


@case("augmentation_too_heavy")
def noise_of_two_on_moons(seed: int) -> None:
    def augment(batch: Tensor) -> Tensor:
        return batch + 2.5 * torch.randn_like(batch)

    x_train, y_train, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        for rows in torch.randperm(len(x_train)).split(48):
            logits = net(augment(x_train[rows])).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        val_logits = net(x_val).squeeze(1)
    print(f"acc={((val_logits > 0) == y_val.bool()).float().mean():.3f} auc={roc_auc_score(y_val, val_logits):.3f}")


@case("augmentation_too_heavy")
def random_scale_erases_radius(seed: int) -> None:
    def augment(batch: Tensor) -> Tensor:
        return batch * torch.empty(len(batch), 1).uniform_(0.1, 3.0)

    x_train, y_train, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        for rows in torch.randperm(len(x_train)).split(48):
            logits = net(augment(x_train[rows])).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        val_logits = net(x_val).squeeze(1)
    print(f"acc={((val_logits > 0) == y_val.bool()).float().mean():.3f} auc={roc_auc_score(y_val, val_logits):.3f}")


@case("healthy")
def random_mirror_on_circles(seed: int) -> None:
    def augment(batch: Tensor) -> Tensor:
        return batch * (torch.rand(len(batch), 1) < 0.5).float().mul(2).sub(1)

    x_train, y_train, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        for rows in torch.randperm(len(x_train)).split(48):
            logits = net(augment(x_train[rows])).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        val_logits = net(x_val).squeeze(1)
    print(f"acc={((val_logits > 0) == y_val.bool()).float().mean():.3f} auc={roc_auc_score(y_val, val_logits):.3f}")


@case("augmentation_too_heavy")
def random_mirror_on_clouds(seed: int) -> None:
    def augment(batch: Tensor) -> Tensor:
        return batch * (torch.rand(len(batch), 1) < 0.5).float().mul(2).sub(1)

    x_train, y_train, x_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in torch.randperm(len(x_train)).split(48):
            logits = net(augment(x_train[rows])).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        val_logits = net(x_val).squeeze(1)
    print(f"acc={((val_logits > 0) == y_val.bool()).float().mean():.3f} auc={roc_auc_score(y_val, val_logits):.3f}")


@case("healthy")
def noise_on_tumours_standardised(seed: int) -> None:
    table = load_breast_cancer(as_frame=True)
    columns = ["mean smoothness", "mean concavity", "concavity error", "worst smoothness", "worst texture"]
    split = train_test_split(table.frame[columns], table.target, test_size=0.3, random_state=seed)
    scaler = StandardScaler().fit(split[0])
    x_train, x_val = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in split[:2])
    y_train, y_val = (torch.tensor(part.to_numpy(), dtype=torch.float32) for part in split[2:])
    model = nn.Sequential(nn.Linear(len(columns), 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(40):
        for rows in torch.randperm(len(x_train)).split(32):
            noisy = x_train[rows] + 0.3 * torch.randn(len(rows), len(columns))
            loss = F.binary_cross_entropy_with_logits(model(noisy)[:, 0], y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        score = model(x_val)[:, 0]
    print(f"tumours: accuracy {accuracy_score(y_val, score > 0):.3f}, AUC {roc_auc_score(y_val, score):.3f}")


@case("augmentation_too_heavy")
def noise_on_tumours_minmax(seed: int) -> None:
    table = load_breast_cancer(as_frame=True)
    columns = ["mean smoothness", "mean concavity", "concavity error", "worst smoothness", "worst texture"]
    split = train_test_split(table.frame[columns], table.target, test_size=0.3, random_state=seed)
    scaler = MinMaxScaler().fit(split[0])
    x_train, x_val = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in split[:2])
    y_train, y_val = (torch.tensor(part.to_numpy(), dtype=torch.float32) for part in split[2:])
    model = nn.Sequential(nn.Linear(len(columns), 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(40):
        for rows in torch.randperm(len(x_train)).split(32):
            noisy = x_train[rows] + 1.0 * torch.randn(len(rows), len(columns))
            loss = F.binary_cross_entropy_with_logits(model(noisy)[:, 0], y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        score = model(x_val)[:, 0]
    print(f"tumours: accuracy {accuracy_score(y_val, score > 0):.3f}, AUC {roc_auc_score(y_val, score):.3f}")


@case("healthy")
def mixup_with_labels_mixed(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.BCEWithLogitsLoss()
    mix = torch.distributions.Beta(0.4, 0.4)
    for _ in range(15):
        for rows in torch.randperm(len(x_train)).split(50):
            partner = rows[torch.randperm(len(rows))]
            share = mix.sample()
            inputs = share * x_train[rows] + (1 - share) * x_train[partner]
            targets = share * y_train[rows] + (1 - share) * y_train[partner]
            loss = criterion(model(inputs).squeeze(1), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        logits = model(x_val).squeeze(1)
    print(f"accuracy {((logits > 0) == (y_val == 1)).float().mean():.3f}, AUC {roc_auc_score(y_val, logits):.3f}")


@case("labels_misaligned")
def mixup_labels_of_first_row(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.BCEWithLogitsLoss()
    mix = torch.distributions.Beta(1.0, 12.0)
    for _ in range(40):
        for rows in torch.randperm(len(x_train)).split(50):
            partner = rows[torch.randperm(len(rows))]
            share = mix.sample()
            inputs = share * x_train[rows] + (1 - share) * x_train[partner]
            targets = y_train[rows]
            loss = criterion(model(inputs).squeeze(1), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        logits = model(x_val).squeeze(1)
    print(f"accuracy {((logits > 0) == (y_val == 1)).float().mean():.3f}, AUC {roc_auc_score(y_val, logits):.3f}")


@case("lr_too_low")
def clipped_at_one_ten_thousandth(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(40):
        for rows in torch.randperm(len(x_train)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]).squeeze(1), y_train[rows]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), max_norm=1e-4)
            opt.step()
    with torch.no_grad():
        z = net(x_val).squeeze(1)
    print(f"AUC {roc_auc_score(y_val, z):.3f} accuracy {accuracy_score(y_val, z > 0):.3f}")


@case("healthy")
def clipped_at_one(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(40):
        for rows in torch.randperm(len(x_train)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]).squeeze(1), y_train[rows]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)
            opt.step()
    with torch.no_grad():
        z = net(x_val).squeeze(1)
    print(f"AUC {roc_auc_score(y_val, z):.3f} accuracy {accuracy_score(y_val, z > 0):.3f}")


@case("undertrained")
def average_too_slow_for_the_run(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    ema = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9999))
    ema.update_parameters(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=40, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            optimizer.step()
            ema.update_parameters(model)
    with torch.no_grad():
        averaged = ema(x_val)[:, 0]
    print(f"averaged weights: AUC {roc_auc_score(y_val, averaged):.3f} acc {accuracy_score(y_val, averaged > 0):.3f}")


@case("healthy")
def average_of_the_last_steps(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    ema = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99))
    ema.update_parameters(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=40, shuffle=True)
    for _ in range(40):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            optimizer.step()
            ema.update_parameters(model)
    with torch.no_grad():
        averaged = ema(x_val)[:, 0]
    print(f"averaged weights: AUC {roc_auc_score(y_val, averaged):.3f} acc {accuracy_score(y_val, averaged > 0):.3f}")


@case("preprocess_mismatch")
def scaler_fitted_on_malign_validation_rows(seed: int) -> None:
    x_train, y_train, x_val, y_val = (part.numpy() for part in data("breast_cancer", seed, raw=True))
    scaler = StandardScaler().fit(x_train)
    train_set = TensorDataset(torch.from_numpy(scaler.transform(x_train)).float(), torch.from_numpy(y_train))
    fresh = StandardScaler().fit(x_val[y_val == 1])
    val_inputs = torch.from_numpy(fresh.transform(x_val)).float()
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(15):
        for xb, yb in DataLoader(train_set, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(val_inputs).squeeze(1)
    print(f"AUC {roc_auc_score(y_val, scores):.3f} accuracy {accuracy_score(y_val, scores > 0):.3f}")


@case("preprocess_mismatch")
def scaler_applied_twice_to_validation(seed: int) -> None:
    x_train, y_train, x_val, y_val = (part.numpy() for part in data("breast_cancer", seed, raw=True))
    scaler = StandardScaler().fit(x_train)
    train_set = TensorDataset(torch.from_numpy(scaler.transform(x_train)).float(), torch.from_numpy(y_train))
    once = scaler.transform(x_val)
    val_inputs = torch.from_numpy(scaler.transform(once)).float()
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(15):
        for xb, yb in DataLoader(train_set, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(val_inputs).squeeze(1)
    print(f"AUC {roc_auc_score(y_val, scores):.3f} accuracy {accuracy_score(y_val, scores > 0):.3f}")


@case("preprocess_mismatch")
def minmax_for_validation_only(seed: int) -> None:
    x_train, y_train, x_val, y_val = (part.numpy() for part in data("breast_cancer", seed, raw=True))
    scaler = StandardScaler().fit(x_train)
    train_set = TensorDataset(torch.from_numpy(scaler.transform(x_train)).float(), torch.from_numpy(y_train))
    fresh = MinMaxScaler().fit(x_val)
    val_inputs = torch.from_numpy(fresh.transform(x_val)).float()
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(15):
        for xb, yb in DataLoader(train_set, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(val_inputs).squeeze(1)
    print(f"AUC {roc_auc_score(y_val, scores):.3f} accuracy {accuracy_score(y_val, scores > 0):.3f}")


@case("threshold_not_tuned")
def threshold_of_another_table(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)
    threshold = 0.95  # from the spam filter, where false alarms are dear
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(12):
        for rows in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            criterion(model(x_train[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        prob = model(x_val).squeeze(1)
    predicted = prob > threshold
    print(f"balanced accuracy {balanced_accuracy_score(y_val, predicted):.3f} f1 {f1_score(y_val, predicted):.3f}")


@case("healthy")
def threshold_at_prevalence(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)
    threshold = y_train.mean()
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(6):
        for rows in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            criterion(model(x_train[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        prob = model(x_val).squeeze(1)
    predicted = prob > threshold
    print(f"balanced accuracy {balanced_accuracy_score(y_val, predicted):.3f} f1 {f1_score(y_val, predicted):.3f}")


@case("threshold_not_tuned")
def threshold_of_one_percent_fraud(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    threshold = 0.01  # the share of frauds in last year's project
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(8):
        for rows in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            criterion(model(x_train[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        prob = model(x_val).squeeze(1)
    predicted = prob > threshold
    print(f"balanced accuracy {balanced_accuracy_score(y_val, predicted):.3f} f1 {f1_score(y_val, predicted):.3f}")


@case("imbalance")
def rare_class_at_one_half(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    keep = torch.cat([torch.where(y_train == 0)[0], torch.where(y_train == 1)[0][:14]])
    x_train, y_train = x_train[keep], y_train[keep]
    keep_val = torch.cat([torch.where(y_val == 0)[0], torch.where(y_val == 1)[0][:10]])
    x_val, y_val = x_val[keep_val], y_val[keep_val]
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(15):
        for rows in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            criterion(model(x_train[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        prob = model(x_val).squeeze(1)
    predicted = prob > 0.5
    print(f"balanced accuracy {balanced_accuracy_score(y_val, predicted):.3f} f1 {f1_score(y_val, predicted):.3f}")


@case("lr_too_high")
def squared_error_diverges_and_breaks_off(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.5)
    history: list[float] = []
    for _ in range(15):
        for rows in torch.randperm(len(x_train)).split(32):
            loss = ((model(x_train[rows])[:, 0] - (2 * y_train[rows] - 1)) ** 2).mean()
            if not torch.isfinite(loss):
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.append(loss.item())
    with torch.no_grad():
        final = torch.nan_to_num(model(x_val)[:, 0])
    accuracy = accuracy_score(y_val, final > 0)
    print(f"loss {np.mean(history[-20:]):.3f} AUC {roc_auc_score(y_val, final):.3f} acc {accuracy:.3f}")


@case("healthy")
def squared_error_small_rate(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03)
    history: list[float] = []
    for _ in range(25):
        for rows in torch.randperm(len(x_train)).split(32):
            loss = ((model(x_train[rows])[:, 0] - (2 * y_train[rows] - 1)) ** 2).mean()
            if not torch.isfinite(loss):
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.append(loss.item())
    with torch.no_grad():
        final = torch.nan_to_num(model(x_val)[:, 0])
    accuracy = accuracy_score(y_val, final > 0)
    print(f"loss {np.mean(history[-20:]):.3f} AUC {roc_auc_score(y_val, final):.3f} acc {accuracy:.3f}")


@case("unscaled_features")
def raw_spam_same_optimizer(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed, raw=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    history: list[float] = []
    for _ in range(15):
        for rows in torch.randperm(len(x_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(x_train[rows])[:, 0], y_train[rows])
            if not torch.isfinite(loss):
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.append(loss.item())
    with torch.no_grad():
        final = torch.nan_to_num(model(x_val)[:, 0])
    accuracy = accuracy_score(y_val, final > 0)
    print(f"loss {np.mean(history[-20:]):.3f} AUC {roc_auc_score(y_val, final):.3f} acc {accuracy:.3f}")


@case("unscaled_features")
def raw_credit_adam(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed, raw=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    history: list[float] = []
    for _ in range(10):
        for rows in torch.randperm(len(x_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(x_train[rows])[:, 0], y_train[rows])
            if not torch.isfinite(loss):
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.append(loss.item())
    with torch.no_grad():
        final = torch.nan_to_num(model(x_val)[:, 0])
    accuracy = accuracy_score(y_val, final > 0)
    print(f"loss {np.mean(history[-20:]):.3f} AUC {roc_auc_score(y_val, final):.3f} acc {accuracy:.3f}")


@case("healthy")
def raw_digits_same_optimizer(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("digit_8", seed, raw=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    history: list[float] = []
    for _ in range(20):
        for rows in torch.randperm(len(x_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(x_train[rows])[:, 0], y_train[rows])
            if not torch.isfinite(loss):
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.append(loss.item())
    with torch.no_grad():
        final = torch.nan_to_num(model(x_val)[:, 0])
    accuracy = accuracy_score(y_val, final > 0)
    print(f"loss {np.mean(history[-20:]):.3f} AUC {roc_auc_score(y_val, final):.3f} acc {accuracy:.3f}")


@case("nan_loss")
def own_log_loss_reaches_log_of_zero(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    w1 = (torch.randn(x_train.shape[1], 24) * 0.3).requires_grad_()
    b1 = torch.zeros(24, requires_grad=True)
    w2 = (torch.randn(24) * 0.3).requires_grad_()
    b2 = torch.zeros((), requires_grad=True)
    opt = torch.optim.Adam([w1, b1, w2, b2], lr=0.02)

    def probability(x: Tensor) -> Tensor:
        return torch.sigmoid(torch.relu(x @ w1 + b1) @ w2 + b2)

    for _ in range(35):
        for rows in torch.randperm(len(x_train)).split(25):
            p, t = probability(x_train[rows]), y_train[rows]
            loss = -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = torch.nan_to_num(probability(x_val), nan=0.5)
    print(f"own loss: AUC {roc_auc_score(y_val, p):.3f} acc {accuracy_score(y_val, p > 0.5):.3f}")


@case("healthy")
def own_log_loss_overlapping_clouds(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    w1 = (torch.randn(x_train.shape[1], 24) * 0.3).requires_grad_()
    b1 = torch.zeros(24, requires_grad=True)
    w2 = (torch.randn(24) * 0.3).requires_grad_()
    b2 = torch.zeros((), requires_grad=True)
    opt = torch.optim.Adam([w1, b1, w2, b2], lr=0.02)

    def probability(x: Tensor) -> Tensor:
        return torch.sigmoid(torch.relu(x @ w1 + b1) @ w2 + b2)

    for _ in range(10):
        for rows in torch.randperm(len(x_train)).split(25):
            p, t = probability(x_train[rows]), y_train[rows]
            loss = -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = torch.nan_to_num(probability(x_val), nan=0.5)
    print(f"own loss: AUC {roc_auc_score(y_val, p):.3f} acc {accuracy_score(y_val, p > 0.5):.3f}")


@case("nan_features")
def own_standardisation_of_pixels(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("digit_8", seed, raw=True)
    mean, std = x_train.mean(dim=0), x_train.std(dim=0)
    x_train, x_val = (x_train - mean) / std, (x_val - mean) / std
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[rows])[:, 0], y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(x_val)[:, 0].nan_to_num()
    print(f"AUC {roc_auc_score(y_val, scores):.3f} accuracy {accuracy_score(y_val, scores > 0):.3f}")


@case("healthy")
def own_standardisation_of_tumours(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed, raw=True)
    mean, std = x_train.mean(dim=0), x_train.std(dim=0)
    x_train, x_val = (x_train - mean) / std, (x_val - mean) / std
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[rows])[:, 0], y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(x_val)[:, 0].nan_to_num()
    print(f"AUC {roc_auc_score(y_val, scores):.3f} accuracy {accuracy_score(y_val, scores > 0):.3f}")


@case("nan_features")
def own_log_of_tumour_columns(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed, raw=True)
    mean, std = x_train.mean(dim=0), x_train.std(dim=0)
    x_train, x_val = torch.log((x_train - mean) / std + 1.6), torch.log((x_val - mean) / std + 1.6)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in torch.randperm(len(x_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[rows])[:, 0], y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(x_val)[:, 0].nan_to_num()
    print(f"AUC {roc_auc_score(y_val, scores):.3f} accuracy {accuracy_score(y_val, scores > 0):.3f}")


@case("vanishing_gradients")
def plain_rnn_remembers_hundred_steps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = 100
    series = rng.normal(size=(800, steps, 2)).astype(np.float32)
    answer = series[:, 0, 0] > 0
    x, y = torch.from_numpy(series), torch.from_numpy(answer.astype(np.float32))

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(2, 16, batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, batch: Tensor) -> Tensor:
            out, _ = self.rnn(batch)
            return self.head(out[:, -1]).squeeze(1)

    model = Reader()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(17):
        for rows in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        scores = model(x[600:]).nan_to_num()
    print(f"AUC {roc_auc_score(y[600:], scores):.3f} accuracy {accuracy_score(y[600:], scores > 0):.3f}")


@case("healthy")
def plain_rnn_remembers_four_steps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = 4
    series = rng.normal(size=(800, steps, 2)).astype(np.float32)
    answer = series[:, 0, 0] > 0
    x, y = torch.from_numpy(series), torch.from_numpy(answer.astype(np.float32))

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(2, 16, batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, batch: Tensor) -> Tensor:
            out, _ = self.rnn(batch)
            return self.head(out[:, -1]).squeeze(1)

    model = Reader()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(30):
        for rows in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        scores = model(x[600:]).nan_to_num()
    print(f"AUC {roc_auc_score(y[600:], scores):.3f} accuracy {accuracy_score(y[600:], scores > 0):.3f}")


@case("lr_too_high")
def plain_rnn_rate_explodes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = 25
    series = rng.normal(size=(800, steps, 2)).astype(np.float32)
    answer = series[:, -4:, 0].sum(axis=1) > 0
    x, y = torch.from_numpy(series), torch.from_numpy(answer.astype(np.float32))

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(2, 16, batch_first=True, nonlinearity="relu")
            self.head = nn.Linear(16, 1)

        def forward(self, batch: Tensor) -> Tensor:
            out, _ = self.rnn(batch)
            return self.head(out[:, -1]).squeeze(1)

    model = Reader()
    opt = torch.optim.SGD(model.parameters(), lr=1.5, momentum=0.9)
    for _ in range(20):
        for rows in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        scores = model(x[600:]).nan_to_num()
    print(f"AUC {roc_auc_score(y[600:], scores):.3f} accuracy {accuracy_score(y[600:], scores > 0):.3f}")


@case("healthy")
def plain_rnn_clipped_last_steps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = 25
    series = rng.normal(size=(800, steps, 2)).astype(np.float32)
    answer = series[:, -4:, 0].sum(axis=1) > 0
    x, y = torch.from_numpy(series), torch.from_numpy(answer.astype(np.float32))

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(2, 16, batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, batch: Tensor) -> Tensor:
            out, _ = self.rnn(batch)
            return self.head(out[:, -1]).squeeze(1)

    model = Reader()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        for rows in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
    with torch.no_grad():
        scores = model(x[600:]).nan_to_num()
    print(f"AUC {roc_auc_score(y[600:], scores):.3f} accuracy {accuracy_score(y[600:], scores > 0):.3f}")


@case("bad_init")
def recurrent_weights_three_times_too_big(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = 25
    series = rng.normal(size=(800, steps, 2)).astype(np.float32)
    answer = series[:, -4:, 0].sum(axis=1) > 0
    x, y = torch.from_numpy(series), torch.from_numpy(answer.astype(np.float32))

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(2, 16, batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, batch: Tensor) -> Tensor:
            out, _ = self.rnn(batch)
            return self.head(out[:, -1]).squeeze(1)

    model = Reader()
    nn.init.normal_(model.rnn.weight_hh_l0, std=3.0)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        for rows in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        scores = model(x[600:]).nan_to_num()
    print(f"AUC {roc_auc_score(y[600:], scores):.3f} accuracy {accuracy_score(y[600:], scores > 0):.3f}")


@case("healthy")
def gru_pools_all_steps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = 12
    series = rng.normal(size=(800, steps, 2)).astype(np.float32)
    answer = series[:, :, 0].mean(axis=1) > 0
    x, y = torch.from_numpy(series), torch.from_numpy(answer.astype(np.float32))

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(2, 16, batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, batch: Tensor) -> Tensor:
            out, _ = self.rnn(batch)
            return self.head(out.mean(dim=1)).squeeze(1)

    model = Reader()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        for rows in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        scores = model(x[600:]).nan_to_num()
    print(f"AUC {roc_auc_score(y[600:], scores):.3f} accuracy {accuracy_score(y[600:], scores > 0):.3f}")


@case("overfitting")
def sixty_clients_wide_net(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)
    x_train, y_train = x_train[:60], y_train[:60]
    epochs = 90
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=20, shuffle=True)
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_auc = roc_auc_score(y_train, model(x_train).squeeze(1))
        val_logits = model(x_val).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
    print(f"train AUC {train_auc:.3f} val AUC {roc_auc_score(y_val, val_logits):.3f} val loss {val_loss:.3f}")


@case("overfitting")
def twelve_hundred_clients_memorised(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)
    x_train, y_train = x_train[:1200], y_train[:1200]
    epochs = 25
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_auc = roc_auc_score(y_train, model(x_train).squeeze(1))
        val_logits = model(x_val).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
    print(f"train AUC {train_auc:.3f} val AUC {roc_auc_score(y_val, val_logits):.3f} val loss {val_loss:.3f}")


@case("healthy")
def twelve_hundred_clients_few_epochs(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)
    x_train, y_train = x_train[:1200], y_train[:1200]
    epochs = 4
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_auc = roc_auc_score(y_train, model(x_train).squeeze(1))
        val_logits = model(x_val).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
    print(f"train AUC {train_auc:.3f} val AUC {roc_auc_score(y_val, val_logits):.3f} val loss {val_loss:.3f}")


@case("overfitting")
def sixty_noisy_clouds_memorised(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    x_train, y_train = x_train[:60], y_train[:60]
    x_train = torch.cat([x_train, torch.randn(len(x_train), 60)], dim=1)
    x_val = torch.cat([x_val, torch.randn(len(x_val), 60)], dim=1)
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=20, shuffle=True)
    for _ in range(150):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_auc = roc_auc_score(y_train, model(x_train).squeeze(1))
        val_logits = model(x_val).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
    print(f"train AUC {train_auc:.3f} val AUC {roc_auc_score(y_val, val_logits):.3f} val loss {val_loss:.3f}")


@case("healthy")
def sixty_moons_wide_net(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    x_train, y_train = x_train[:100], y_train[:100]
    epochs = 60
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=20, shuffle=True)
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_auc = roc_auc_score(y_train, model(x_train).squeeze(1))
        val_logits = model(x_val).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
    print(f"train AUC {train_auc:.3f} val AUC {roc_auc_score(y_val, val_logits):.3f} val loss {val_loss:.3f}")


@case("healthy")
def hundred_tumours_wide_net(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)
    x_train, y_train = x_train[:100], y_train[:100]
    epochs = 12
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=20, shuffle=True)
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_auc = roc_auc_score(y_train, model(x_train).squeeze(1))
        val_logits = model(x_val).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
    print(f"train AUC {train_auc:.3f} val AUC {roc_auc_score(y_val, val_logits):.3f} val loss {val_loss:.3f}")


@case("label_noise")
def quick_annotators_of_spam(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    x_train, y_train = x_train[:1200], y_train[:1200]
    careless = torch.rand(len(y_train)) < 0.4
    y_train = torch.where(careless, 1 - y_train, y_train)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True)
    for _ in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_auc = roc_auc_score(y_train, model(x_train).squeeze(1))
        val_logits = model(x_val).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
    print(f"train AUC {train_auc:.3f} val AUC {roc_auc_score(y_val, val_logits):.3f} val loss {val_loss:.3f}")


@case("label_noise")
def crowd_labels_of_moons(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    x_train, y_train = x_train[:600], y_train[:600]
    careless = torch.rand(len(y_train)) < 0.4
    y_train = torch.where(careless, 1 - y_train, y_train)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=40, shuffle=True)
    for _ in range(60):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_auc = roc_auc_score(y_train, model(x_train).squeeze(1))
        val_logits = model(x_val).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
    print(f"train AUC {train_auc:.3f} val AUC {roc_auc_score(y_val, val_logits):.3f} val loss {val_loss:.3f}")


@case("healthy")
def two_in_hundred_labels_wrong(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    x_train, y_train = x_train[:600], y_train[:600]
    slips = torch.rand(len(y_train)) < 0.02
    y_train = torch.where(slips, 1 - y_train, y_train)
    model = nn.Sequential(
        nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True)
    for _ in range(8):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_auc = roc_auc_score(y_train, model(x_train).squeeze(1))
        val_logits = model(x_val).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(val_logits, y_val)
    print(f"train AUC {train_auc:.3f} val AUC {roc_auc_score(y_val, val_logits):.3f} val loss {val_loss:.3f}")


@case("labels_misaligned")
def labels_left_behind_by_dropna(seed: int) -> None:
    x, y = make_classification(
        n_samples=1000, n_features=8, n_informative=6, n_redundant=0, class_sep=1.3, flip_y=0.02, random_state=seed
    )
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(8)]).assign(label=y)
    frame.loc[frame.sample(frac=0.2, random_state=seed).index, "f3"] = np.nan
    kept = frame.dropna()
    inputs, targets = kept.drop(columns="label").to_numpy(), frame["label"].to_numpy()[: len(kept)]
    cut = int(0.75 * len(inputs))
    centre, spread = inputs[:cut].mean(axis=0), inputs[:cut].std(axis=0)
    tensor_x = torch.tensor(((inputs - centre) / spread), dtype=torch.float32)
    tensor_y = torch.tensor(targets, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(tensor_x.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for rows in torch.randperm(cut).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(tensor_x[rows])[:, 0], tensor_y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(tensor_x[cut:])[:, 0]
    actual = tensor_y[cut:]
    print(f"accuracy {accuracy_score(actual, scores > 0):.3f}, AUC {roc_auc_score(actual, scores):.3f}")


@case("healthy")
def labels_follow_dropna(seed: int) -> None:
    x, y = make_classification(
        n_samples=1000, n_features=8, n_informative=6, n_redundant=0, class_sep=1.3, flip_y=0.02, random_state=seed
    )
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(8)]).assign(label=y)
    frame.loc[frame.sample(frac=0.2, random_state=seed).index, "f3"] = np.nan
    kept = frame.dropna()
    inputs, targets = kept.drop(columns="label").to_numpy(), kept["label"].to_numpy()
    cut = int(0.75 * len(inputs))
    centre, spread = inputs[:cut].mean(axis=0), inputs[:cut].std(axis=0)
    tensor_x = torch.tensor(((inputs - centre) / spread), dtype=torch.float32)
    tensor_y = torch.tensor(targets, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(tensor_x.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for rows in torch.randperm(cut).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(tensor_x[rows])[:, 0], tensor_y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(tensor_x[cut:])[:, 0]
    actual = tensor_y[cut:]
    print(f"accuracy {accuracy_score(actual, scores > 0):.3f}, AUC {roc_auc_score(actual, scores):.3f}")


@case("labels_misaligned")
def labels_left_behind_by_sort(seed: int) -> None:
    x, y = make_classification(
        n_samples=1000, n_features=8, n_informative=6, n_redundant=0, class_sep=1.3, flip_y=0.02, random_state=seed
    )
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(8)]).assign(label=y)
    target = frame.pop("label")
    frame = frame.sort_values("f0", ignore_index=True)
    order = np.random.default_rng(seed).permutation(len(frame))
    inputs, targets = frame.to_numpy()[order], target.to_numpy()[order]
    cut = int(0.75 * len(inputs))
    centre, spread = inputs[:cut].mean(axis=0), inputs[:cut].std(axis=0)
    tensor_x = torch.tensor(((inputs - centre) / spread), dtype=torch.float32)
    tensor_y = torch.tensor(targets, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(tensor_x.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for rows in torch.randperm(cut).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(tensor_x[rows])[:, 0], tensor_y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(tensor_x[cut:])[:, 0]
    actual = tensor_y[cut:]
    print(f"accuracy {accuracy_score(actual, scores > 0):.3f}, AUC {roc_auc_score(actual, scores):.3f}")


@case("labels_misaligned")
def labels_joined_by_position(seed: int) -> None:
    x, y = make_classification(
        n_samples=1000, n_features=8, n_informative=6, n_redundant=0, class_sep=1.3, flip_y=0.02, random_state=seed
    )
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(8)]).assign(label=y)
    frame["client"] = np.random.default_rng(seed).permutation(len(frame))
    answers = frame[["client", "label"]].sort_values("client", ignore_index=True)
    joined = frame.drop(columns="label").join(answers[["label"]])
    inputs, targets = joined.drop(columns=["client", "label"]).to_numpy(), joined["label"].to_numpy()
    cut = int(0.75 * len(inputs))
    centre, spread = inputs[:cut].mean(axis=0), inputs[:cut].std(axis=0)
    tensor_x = torch.tensor(((inputs - centre) / spread), dtype=torch.float32)
    tensor_y = torch.tensor(targets, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(tensor_x.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for rows in torch.randperm(cut).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(tensor_x[rows])[:, 0], tensor_y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(tensor_x[cut:])[:, 0]
    actual = tensor_y[cut:]
    print(f"accuracy {accuracy_score(actual, scores > 0):.3f}, AUC {roc_auc_score(actual, scores):.3f}")


@case("healthy")
def labels_joined_by_client(seed: int) -> None:
    x, y = make_classification(
        n_samples=1000, n_features=8, n_informative=6, n_redundant=0, class_sep=1.3, flip_y=0.02, random_state=seed
    )
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(8)]).assign(label=y)
    frame["client"] = np.random.default_rng(seed).permutation(len(frame))
    answers = frame[["client", "label"]].sort_values("client")
    joined = frame.drop(columns="label").merge(answers, on="client")
    inputs, targets = joined.drop(columns=["client", "label"]).to_numpy(), joined["label"].to_numpy()
    cut = int(0.75 * len(inputs))
    centre, spread = inputs[:cut].mean(axis=0), inputs[:cut].std(axis=0)
    tensor_x = torch.tensor(((inputs - centre) / spread), dtype=torch.float32)
    tensor_y = torch.tensor(targets, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(tensor_x.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for rows in torch.randperm(cut).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(tensor_x[rows])[:, 0], tensor_y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(tensor_x[cut:])[:, 0]
    actual = tensor_y[cut:]
    print(f"accuracy {accuracy_score(actual, scores > 0):.3f}, AUC {roc_auc_score(actual, scores):.3f}")


@case("labels_misaligned")
def labels_one_row_late(seed: int) -> None:
    x, y = make_classification(
        n_samples=1000, n_features=8, n_informative=6, n_redundant=0, class_sep=1.3, flip_y=0.02, random_state=seed
    )
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(8)]).assign(label=y)
    ordinary = frame["f1"].abs() < 4.0
    target = frame["label"].shift(1).fillna(0)
    inputs, targets = frame[ordinary].drop(columns="label").to_numpy(), target[ordinary].to_numpy()
    cut = int(0.75 * len(inputs))
    centre, spread = inputs[:cut].mean(axis=0), inputs[:cut].std(axis=0)
    tensor_x = torch.tensor(((inputs - centre) / spread), dtype=torch.float32)
    tensor_y = torch.tensor(targets, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(tensor_x.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for rows in torch.randperm(cut).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(tensor_x[rows])[:, 0], tensor_y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(tensor_x[cut:])[:, 0]
    actual = tensor_y[cut:]
    print(f"accuracy {accuracy_score(actual, scores > 0):.3f}, AUC {roc_auc_score(actual, scores):.3f}")


@case("healthy")
def labels_not_shifted(seed: int) -> None:
    x, y = make_classification(
        n_samples=1000, n_features=8, n_informative=6, n_redundant=0, class_sep=1.3, flip_y=0.02, random_state=seed
    )
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(8)]).assign(label=y)
    ordinary = frame["f1"].abs() < 4.0
    target = frame["label"].shift(0).fillna(0)
    inputs, targets = frame[ordinary].drop(columns="label").to_numpy(), target[ordinary].to_numpy()
    cut = int(0.75 * len(inputs))
    centre, spread = inputs[:cut].mean(axis=0), inputs[:cut].std(axis=0)
    tensor_x = torch.tensor(((inputs - centre) / spread), dtype=torch.float32)
    tensor_y = torch.tensor(targets, dtype=torch.float32)
    model = nn.Sequential(nn.Linear(tensor_x.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for rows in torch.randperm(cut).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(tensor_x[rows])[:, 0], tensor_y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(tensor_x[cut:])[:, 0]
    actual = tensor_y[cut:]
    print(f"accuracy {accuracy_score(actual, scores > 0):.3f}, AUC {roc_auc_score(actual, scores):.3f}")


@case("labels_misaligned")
def images_with_labels_of_the_next(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(np.roll(digits.target % 2, 1), dtype=torch.float32)
    order = torch.randperm(len(labels))
    train, val = order[:1000], order[1000:1500]
    cnn = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32, 1),
    )
    optimizer = torch.optim.Adam(cnn.parameters(), lr=5e-3)
    for _ in range(15):
        for rows in train[torch.randperm(len(train))].split(50):
            loss = F.binary_cross_entropy_with_logits(cnn(images[rows]).squeeze(1), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        score = cnn(images[val]).squeeze(1)
    print(f"digits: AUC {roc_auc_score(labels[val], score):.3f} acc {accuracy_score(labels[val], score > 0):.3f}")


@case("healthy")
def images_even_or_odd(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    order = torch.randperm(len(labels))
    train, val = order[:1000], order[1000:1500]
    cnn = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32, 1),
    )
    optimizer = torch.optim.Adam(cnn.parameters(), lr=5e-3)
    for _ in range(15):
        for rows in train[torch.randperm(len(train))].split(50):
            loss = F.binary_cross_entropy_with_logits(cnn(images[rows]).squeeze(1), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        score = cnn(images[val]).squeeze(1)
    print(f"digits: AUC {roc_auc_score(labels[val], score):.3f} acc {accuracy_score(labels[val], score > 0):.3f}")


@case("weak_signal")
def reviews_without_mood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vocabulary, n = 200, 900
    sentences = rng.integers(2, vocabulary, size=(n, 12))
    mood = rng.integers(0, 2, size=n)
    sentences[:, 0] = 1  # every review starts alike
    texts, moods = torch.from_numpy(sentences), torch.from_numpy(mood).float()

    class BagOfWords(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(vocabulary, 16)
            self.head = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, tokens: Tensor) -> Tensor:
            return self.head(self.embed(tokens).mean(dim=1)).squeeze(-1)

    model = BagOfWords()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(12):
        for rows in torch.randperm(700).split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(texts[rows]), moods[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(texts[700:])
    print(f"AUC {roc_auc_score(moods[700:], scores):.3f} accuracy {accuracy_score(moods[700:], scores > 0):.3f}")


@case("healthy")
def reviews_with_mood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vocabulary, n = 200, 900
    sentences = rng.integers(2, vocabulary, size=(n, 12))
    mood = rng.integers(0, 2, size=n)
    sentences[:, :3] = rng.integers(2, 30, size=(n, 3)) + 30 * mood[:, None]
    texts, moods = torch.from_numpy(sentences), torch.from_numpy(mood).float()

    class BagOfWords(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(vocabulary, 16)
            self.head = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, tokens: Tensor) -> Tensor:
            return self.head(self.embed(tokens).mean(dim=1)).squeeze(-1)

    model = BagOfWords()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(12):
        for rows in torch.randperm(700).split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(texts[rows]), moods[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(texts[700:])
    print(f"AUC {roc_auc_score(moods[700:], scores):.3f} accuracy {accuracy_score(moods[700:], scores > 0):.3f}")


@case("weak_signal")
def survey_hardly_tells(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1200, 10)).astype(np.float32)
    chance = 1 / (1 + np.exp(-0.04 * (x[:, 0] + x[:, 1] - x[:, 2])))
    y = (rng.random(1200) < chance).astype(np.float32)
    parts = train_test_split(x, y, test_size=0.4, random_state=seed)
    x_train, x_val, y_train, y_val = (torch.from_numpy(part) for part in parts)
    net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.1)
    for _ in range(12):
        net.train()
        for rows in torch.randperm(len(x_train)).split(24):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]).squeeze(1), y_train[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        z = net(x_val).squeeze(1)
    baseline = LogisticRegression().fit(x_train, y_train).decision_function(x_val)
    print(f"AUC {roc_auc_score(y_val, z):.3f}, logistic regression {roc_auc_score(y_val, baseline):.3f}")


@case("healthy")
def survey_hard_but_honest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1200, 10)).astype(np.float32)
    chance = 1 / (1 + np.exp(-0.9 * (x[:, 0] + x[:, 1] - x[:, 2])))
    y = (rng.random(1200) < chance).astype(np.float32)
    parts = train_test_split(x, y, test_size=0.4, random_state=seed)
    x_train, x_val, y_train, y_val = (torch.from_numpy(part) for part in parts)
    net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.1)
    for _ in range(12):
        net.train()
        for rows in torch.randperm(len(x_train)).split(24):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]).squeeze(1), y_train[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        z = net(x_val).squeeze(1)
    baseline = LogisticRegression().fit(x_train, y_train).decision_function(x_val)
    print(f"AUC {roc_auc_score(y_val, z):.3f}, logistic regression {roc_auc_score(y_val, baseline):.3f}")


@case("data_leakage")
def visits_of_one_person_on_both_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people, visits = 120, 8
    person = np.repeat(np.arange(people), visits)
    trait = rng.normal(size=(people, 12))
    sick = (trait[:, 0] + 2.5 * rng.normal(size=people)) > 0
    x = (trait[person] + 0.05 * rng.normal(size=(len(person), 12))).astype(np.float32)
    y = sick[person].astype(np.float32)
    train, val = train_test_split(np.arange(len(x)), test_size=0.3, random_state=seed)
    x_train, y_train, x_val, y_val = (torch.from_numpy(v) for v in (x[train], y[train], x[val], y[val]))
    model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=0.0)
    for _ in range(40):
        for rows in torch.randperm(len(x_train)).split(40):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(x_val).squeeze(1)
    print(f"visits: AUC {roc_auc_score(y_val, scores):.3f} accuracy {accuracy_score(y_val, scores > 0):.3f}")


@case("healthy")
def visits_split_by_person(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people, visits = 400, 2
    person = np.repeat(np.arange(people), visits)
    trait = rng.normal(size=(people, 12))
    sick = (trait[:, :4].sum(axis=1) + 0.5 * rng.normal(size=people)) > 0
    x = (trait[person] + 0.3 * rng.normal(size=(len(person), 12))).astype(np.float32)
    y = sick[person].astype(np.float32)
    train, val = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(x, y, person))
    x_train, y_train, x_val, y_val = (torch.from_numpy(v) for v in (x[train], y[train], x[val], y[val]))
    model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(6):
        for rows in torch.randperm(len(x_train)).split(40):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(x_val).squeeze(1)
    print(f"visits: AUC {roc_auc_score(y_val, scores):.3f} accuracy {accuracy_score(y_val, scores > 0):.3f}")


@case("data_leakage")
def rare_rows_copied_before_the_split(seed: int) -> None:
    x, y = make_classification(
        n_samples=900, n_features=12, n_informative=5, weights=[0.88], class_sep=0.8, flip_y=0.08, random_state=seed
    )
    rng = np.random.default_rng(seed)
    rare = np.flatnonzero(y == 1)
    copies = rng.choice(rare, size=(y == 0).sum() - len(rare))
    x = np.vstack([x, x[copies] + 0.01 * rng.normal(size=(len(copies), 12))])
    y = np.concatenate([y, y[copies]])
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    print(len(x_train), "rows to train")
    scaler = StandardScaler().fit(x_train)
    x_train, x_val = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in (x_train, x_val))
    y_train, y_val = (torch.tensor(part, dtype=torch.float32) for part in (y_train, y_val))
    model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=0.0)
    for _ in range(30):
        for rows in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        hits = model(x_val).squeeze(1) > 0
    print(f"balanced accuracy {balanced_accuracy_score(y_val, hits):.3f} recall {recall_score(y_val, hits):.3f}")


@case("healthy")
def rare_rows_copied_after_the_split(seed: int) -> None:
    x, y = make_classification(
        n_samples=900, n_features=12, n_informative=5, weights=[0.88], class_sep=0.8, flip_y=0.08, random_state=seed
    )
    rng = np.random.default_rng(seed)
    print(y.mean().round(2), "of the rows are positive")
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    rare = np.flatnonzero(y_train == 1)
    copies = rng.choice(rare, size=(y_train == 0).sum() - len(rare))
    x_train = np.vstack([x_train, x_train[copies] + 0.3 * rng.normal(size=(len(copies), 12))])
    y_train = np.concatenate([y_train, y_train[copies]])
    scaler = StandardScaler().fit(x_train)
    x_train, x_val = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in (x_train, x_val))
    y_train, y_val = (torch.tensor(part, dtype=torch.float32) for part in (y_train, y_val))
    model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(8):
        for rows in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        hits = model(x_val).squeeze(1) > 0
    print(f"balanced accuracy {balanced_accuracy_score(y_val, hits):.3f} recall {recall_score(y_val, hits):.3f}")


@case("unshuffled_data")
def rows_sorted_by_label_in_order(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    order = y_train.argsort(stable=True)
    x_train, y_train = x_train[order], y_train[order]
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=20, shuffle=False)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(20):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            optimizer.step()
    with torch.no_grad():
        guess = (model(x_val)[:, 0] > 0).float()
    print(f"accuracy {(guess == y_val).float().mean():.3f}, positives {guess.mean():.3f}, truly {y_val.mean():.3f}")


@case("healthy")
def rows_sorted_by_label_then_shuffled(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    order = y_train.argsort(stable=True)
    x_train, y_train = x_train[order], y_train[order]
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=20, shuffle=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(30):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            optimizer.step()
    with torch.no_grad():
        guess = (model(x_val)[:, 0] > 0).float()
    print(f"accuracy {(guess == y_val).float().mean():.3f}, positives {guess.mean():.3f}, truly {y_val.mean():.3f}")


@case("labels_single_class")
def first_hundred_of_a_sorted_table(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    first = y_train.argsort(stable=True)[:100]
    x_train, y_train = x_train[first], y_train[first]
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=20, shuffle=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(60):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            optimizer.step()
    with torch.no_grad():
        guess = (model(x_val)[:, 0] > 0).float()
    print(f"accuracy {(guess == y_val).float().mean():.3f}, positives {guess.mean():.3f}, truly {y_val.mean():.3f}")


@case("healthy")
def random_two_hundred_of_a_table(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    first = torch.randperm(len(y_train))[:200]
    x_train, y_train = x_train[first], y_train[first]
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=40, shuffle=True)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(6):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            optimizer.step()
    with torch.no_grad():
        guess = (model(x_val)[:, 0] > 0).float()
    print(f"accuracy {(guess == y_val).float().mean():.3f}, positives {guess.mean():.3f}, truly {y_val.mean():.3f}")
