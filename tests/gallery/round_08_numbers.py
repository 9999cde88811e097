"""Faults of one number: rate, initialisation, schedule, depth, width, regulariser, batch size, epochs, data."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

TABLES = Path(__file__).parents[2] / "data"


@case("healthy")
def spam_mlp_adam(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("healthy")
def spam_mlp_adam_high_rate_fine(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _epoch in range(15):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("lr_too_high")
def spam_mlp_adam_rate_two(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2.0)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("lr_too_low")
def spam_mlp_adam_rate_tiny(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-6)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("undertrained")
def spam_mlp_two_batches(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(2):
        model.train()
        for i, (xb, yb) in enumerate(loader):
            if i >= 3:
                break
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("undertrained")
def spam_mlp_huge_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=1200, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(5):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("dead_relu")
def spam_mlp_bias_minus_five(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    for layer in (model[0], model[2]):
        nn.init.constant_(layer.bias, -5.0)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("bad_init")
def spam_mlp_zero_init(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("regularisation_too_strong")
def spam_mlp_decay_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1.0)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("healthy")
def spam_mlp_decay_small(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("class_weights_wrong")
def spam_mlp_pos_weight_thousand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(1000.0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("label_noise")
def spam_mlp_flipped_forty(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    flip = torch.rand(len(y_train)) < 0.4
    y_train = torch.where(flip, 1 - y_train, y_train)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("healthy")
def spam_mlp_dropout_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("scheduler_misuse")
def spam_mlp_step_every_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            scheduler.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")


@case("healthy")
def cancer_tanh_sgd(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    batch = 32
    for _epoch in range(40):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("healthy")
def cancer_tanh_batch_of_four(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.005, momentum=0.9)
    batch = 4
    for _epoch in range(15):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("lr_too_high")
def cancer_tanh_momentum_099(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 2))
    opt = torch.optim.SGD(net.parameters(), lr=2.0, momentum=0.99)
    batch = 32
    for _epoch in range(40):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("unscaled_features")
def cancer_tanh_raw_columns(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    X_tr = torch.tensor(X_tr, dtype=torch.float32)
    X_te = torch.tensor(X_te, dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    batch = 32
    for _epoch in range(40):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("bad_init")
def cancer_tanh_huge_init(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 2))
    for p in net.parameters():
        nn.init.normal_(p, std=20.0)
    opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    batch = 32
    for _epoch in range(40):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("scheduler_misuse")
def cancer_tanh_gamma_half_a_batch(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.3)
    batch = 32
    for _epoch in range(40):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("healthy")
def cancer_tanh_warmup_then_zero(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    warm = torch.optim.lr_scheduler.LinearLR(opt, 0.01, 1.0, total_iters=5)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=35)
    sched = torch.optim.lr_scheduler.SequentialLR(opt, [warm, cosine], milestones=[5])
    batch = 32
    for _epoch in range(40):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("lr_too_high")
def cancer_tanh_warmup_ends_high(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 2))
    opt = torch.optim.SGD(net.parameters(), lr=2.0, momentum=0.9)
    warmup = 100
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda step: min(step + 1, warmup))
    batch = 32
    for _epoch in range(40):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("healthy")
def cancer_tanh_low_rate_many_steps(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.002, momentum=0.9)
    batch = 32
    for _epoch in range(150):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("healthy")
def odd_digits_cnn(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.3, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(8)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(16)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(8):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("healthy")
def odd_digits_cnn_light_noise(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.3, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(8)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(16)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(8):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            xb = xb + 0.1 * torch.randn_like(xb)
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("augmentation_too_heavy")
def odd_digits_cnn_heavy_noise(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.3, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(8)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(16)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(8):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            xb = xb + 5.0 * torch.randn_like(xb)
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("augmentation_too_heavy")
def odd_digits_cnn_erased(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.3, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(8)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(16)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(8):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            keep = torch.rand_like(xb) > 0.95
            xb = torch.roll(xb * keep, int(torch.randint(-4, 4, ())), dims=3)
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("batchnorm_stats")
def odd_digits_cnn_bn_momentum_small(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.3, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(8, momentum=0.0002)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(16, momentum=0.0002)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(8):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("train_mode_missing")
def odd_digits_cnn_eval_mode_all_along(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.3, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(8)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(16)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(8):
        net.eval()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("scheduler_misuse")
def odd_digits_cnn_onecycle_long(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.3, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(8)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(16)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=2e-3, total_steps=500_000, div_factor=1000, cycle_momentum=False
    )
    for _epoch in range(8):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
            scheduler.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("healthy")
def odd_digits_cnn_onecycle(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.3, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(8)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(16)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=5e-3, total_steps=8 * len(loader), cycle_momentum=False
    )
    for _epoch in range(8):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
            scheduler.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("overfitting")
def odd_digits_cnn_few_images(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, train_size=24, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 24, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(24)
            self.conv2 = nn.Conv2d(24, 48, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(48)
            self.fc = nn.Linear(192, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=8, shuffle=True)
    for _epoch in range(130):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("lr_too_high")
def odd_digits_cnn_rate_ten(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(digits.target % 2, dtype=torch.float32)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.3, random_state=seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(8)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(16)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
            x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
            return self.fc(x.flatten(1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.RMSprop(net.parameters(), lr=10.0)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(8):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(x_test))
    print(f"accuracy on the test images: {((p > 0.5) == (y_test > 0.5)).float().mean():.3f}")


@case("healthy")
def digit_rows_gru(seed: int) -> None:
    digits = load_digits()
    target = (digits.target >= 5).astype("float32")
    train_x, test_x, train_y, test_y = train_test_split(
        digits.images.astype("float32") / 16, target, test_size=0.3, random_state=seed, stratify=target
    )
    train_x, test_x, train_y = torch.from_numpy(train_x), torch.from_numpy(test_x), torch.from_numpy(train_y)

    class RowReader(nn.Module):
        def __init__(self, hidden: int = 24) -> None:
            super().__init__()
            self.gru = nn.GRU(8, hidden, batch_first=True)
            self.head = nn.Linear(hidden, 1)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            _, last = self.gru(rows)
            return self.head(last[-1]).squeeze(-1)

    model = RowReader()
    optim = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for idx in torch.randperm(len(train_x)).split(40):
            loss = loss_fn(model(train_x[idx]), train_y[idx])
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
    with torch.no_grad():
        score = model(test_x).numpy()
    print("auc", round(roc_auc_score(test_y, score), 3), "accuracy", round(accuracy_score(test_y, score > 0), 3))


@case("lr_too_high")
def digit_rows_gru_rate_one(seed: int) -> None:
    digits = load_digits()
    target = (digits.target >= 5).astype("float32")
    train_x, test_x, train_y, test_y = train_test_split(
        digits.images.astype("float32") / 16, target, test_size=0.3, random_state=seed, stratify=target
    )
    train_x, test_x, train_y = torch.from_numpy(train_x), torch.from_numpy(test_x), torch.from_numpy(train_y)

    class RowReader(nn.Module):
        def __init__(self, hidden: int = 24) -> None:
            super().__init__()
            self.gru = nn.GRU(8, hidden, batch_first=True)
            self.head = nn.Linear(hidden, 1)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            _, last = self.gru(rows)
            return self.head(last[-1]).squeeze(-1)

    model = RowReader()
    optim = torch.optim.Adam(model.parameters(), lr=1.0)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for idx in torch.randperm(len(train_x)).split(40):
            loss = loss_fn(model(train_x[idx]), train_y[idx])
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
    with torch.no_grad():
        score = model(test_x).numpy()
    print("auc", round(roc_auc_score(test_y, score), 3), "accuracy", round(accuracy_score(test_y, score > 0), 3))


@case("undertrained")
def digit_rows_gru_one_pass(seed: int) -> None:
    digits = load_digits()
    target = (digits.target >= 5).astype("float32")
    train_x, test_x, train_y, test_y = train_test_split(
        digits.images.astype("float32") / 16, target, test_size=0.3, random_state=seed, stratify=target
    )
    train_x, test_x, train_y = torch.from_numpy(train_x), torch.from_numpy(test_x), torch.from_numpy(train_y)

    class RowReader(nn.Module):
        def __init__(self, hidden: int = 24) -> None:
            super().__init__()
            self.gru = nn.GRU(8, hidden, batch_first=True)
            self.head = nn.Linear(hidden, 1)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            _, last = self.gru(rows)
            return self.head(last[-1]).squeeze(-1)

    model = RowReader()
    optim = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(2):
        for idx in torch.randperm(len(train_x)).split(256):
            loss = loss_fn(model(train_x[idx]), train_y[idx])
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
    with torch.no_grad():
        score = model(test_x).numpy()
    print("auc", round(roc_auc_score(test_y, score), 3), "accuracy", round(accuracy_score(test_y, score > 0), 3))


@case("underfitting")
def digit_rows_gru_one_unit(seed: int) -> None:
    digits = load_digits()
    target = (digits.target >= 5).astype("float32")
    train_x, test_x, train_y, test_y = train_test_split(
        digits.images.astype("float32") / 16, target, test_size=0.3, random_state=seed, stratify=target
    )
    train_x, test_x, train_y = torch.from_numpy(train_x), torch.from_numpy(test_x), torch.from_numpy(train_y)

    class RowReader(nn.Module):
        def __init__(self, hidden: int = 1) -> None:
            super().__init__()
            self.gru = nn.GRU(8, hidden, batch_first=True)
            self.head = nn.Linear(hidden, 1)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            _, last = self.gru(rows)
            return self.head(last[-1]).squeeze(-1)

    model = RowReader()
    optim = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for idx in torch.randperm(len(train_x)).split(40):
            loss = loss_fn(model(train_x[idx]), train_y[idx])
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
    with torch.no_grad():
        score = model(test_x).numpy()
    print("auc", round(roc_auc_score(test_y, score), 3), "accuracy", round(accuracy_score(test_y, score > 0), 3))


@case("bad_init")
def digit_rows_gru_constant_weights(seed: int) -> None:
    digits = load_digits()
    target = (digits.target >= 5).astype("float32")
    train_x, test_x, train_y, test_y = train_test_split(
        digits.images.astype("float32") / 16, target, test_size=0.3, random_state=seed, stratify=target
    )
    train_x, test_x, train_y = torch.from_numpy(train_x), torch.from_numpy(test_x), torch.from_numpy(train_y)

    class RowReader(nn.Module):
        def __init__(self, hidden: int = 24) -> None:
            super().__init__()
            self.gru = nn.GRU(8, hidden, batch_first=True)
            self.head = nn.Linear(hidden, 1)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            _, last = self.gru(rows)
            return self.head(last[-1]).squeeze(-1)

    model = RowReader()
    for weight in model.parameters():
        nn.init.constant_(weight, 0.1)
    optim = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for idx in torch.randperm(len(train_x)).split(40):
            loss = loss_fn(model(train_x[idx]), train_y[idx])
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
    with torch.no_grad():
        score = model(test_x).numpy()
    print("auc", round(roc_auc_score(test_y, score), 3), "accuracy", round(accuracy_score(test_y, score > 0), 3))


@case("regularisation_too_strong")
def digit_rows_gru_decoupled_decay(seed: int) -> None:
    digits = load_digits()
    target = (digits.target >= 5).astype("float32")
    train_x, test_x, train_y, test_y = train_test_split(
        digits.images.astype("float32") / 16, target, test_size=0.3, random_state=seed, stratify=target
    )
    train_x, test_x, train_y = torch.from_numpy(train_x), torch.from_numpy(test_x), torch.from_numpy(train_y)

    class RowReader(nn.Module):
        def __init__(self, hidden: int = 24) -> None:
            super().__init__()
            self.gru = nn.GRU(8, hidden, batch_first=True)
            self.head = nn.Linear(hidden, 1)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            _, last = self.gru(rows)
            return self.head(last[-1]).squeeze(-1)

    model = RowReader()
    optim = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=20.0)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for idx in torch.randperm(len(train_x)).split(40):
            loss = loss_fn(model(train_x[idx]), train_y[idx])
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
    with torch.no_grad():
        score = model(test_x).numpy()
    print("auc", round(roc_auc_score(test_y, score), 3), "accuracy", round(accuracy_score(test_y, score > 0), 3))


@case("healthy")
def digit_rows_gru_small_batches(seed: int) -> None:
    digits = load_digits()
    target = (digits.target >= 5).astype("float32")
    train_x, test_x, train_y, test_y = train_test_split(
        digits.images.astype("float32") / 16, target, test_size=0.3, random_state=seed, stratify=target
    )
    train_x, test_x, train_y = torch.from_numpy(train_x), torch.from_numpy(test_x), torch.from_numpy(train_y)

    class RowReader(nn.Module):
        def __init__(self, hidden: int = 24) -> None:
            super().__init__()
            self.gru = nn.GRU(8, hidden, batch_first=True)
            self.head = nn.Linear(hidden, 1)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            _, last = self.gru(rows)
            return self.head(last[-1]).squeeze(-1)

    model = RowReader()
    optim = torch.optim.Adam(model.parameters(), lr=4e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(6):
        for idx in torch.randperm(len(train_x)).split(16):
            loss = loss_fn(model(train_x[idx]), train_y[idx])
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
    with torch.no_grad():
        score = model(test_x).numpy()
    print("auc", round(roc_auc_score(test_y, score), 3), "accuracy", round(accuracy_score(test_y, score > 0), 3))


@case("healthy")
def moons_deep_layernorm(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 8, 24
    layers: list[nn.Module] = [nn.Linear(2, width), nn.LayerNorm(width), nn.GELU()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.LayerNorm(width), nn.GELU()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("vanishing_gradients")
def moons_deep_sigmoid(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 10, 24
    layers: list[nn.Module] = [nn.Linear(2, width), nn.Sigmoid()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.Sigmoid()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("vanishing_gradients")
def moons_deep_sigmoid_adam(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 12, 16
    layers: list[nn.Module] = [nn.Linear(2, width), nn.Sigmoid()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.Sigmoid()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("vanishing_gradients")
def moons_thirty_tanh_layers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 24, 24
    layers: list[nn.Module] = [nn.Linear(2, width), nn.Tanh()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.Tanh()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(25):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("healthy")
def moons_three_sigmoid_layers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 2, 24
    layers: list[nn.Module] = [nn.Linear(2, width), nn.Sigmoid()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.Sigmoid()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(80):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("bad_init")
def moons_deep_small_normal_init(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 5, 24
    layers: list[nn.Module] = [nn.Linear(2, width), nn.ReLU()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.ReLU()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=0.001)
            nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("dead_relu")
def moons_biases_below_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 3, 16
    layers: list[nn.Module] = [nn.Linear(2, width), nn.ReLU()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.ReLU()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    for layer in model[:-1]:
        if isinstance(layer, nn.Linear):
            nn.init.constant_(layer.bias, -5.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("healthy")
def moons_relu_he_init(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 6, 24
    layers: list[nn.Module] = [nn.Linear(2, width), nn.ReLU()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.ReLU()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("healthy")
def circles_full_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    y_train = y_train.reshape(-1, 1)
    clf = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(clf.parameters(), lr=0.3)
    losses = []
    for _ in range(1500):
        sgd.zero_grad()
        loss = bce(clf(X_train), y_train)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    with torch.no_grad():
        prob = clf(X_val).numpy().ravel()
    print(f"loss {losses[-1]:.3f}, accuracy {accuracy_score(y_val.numpy(), prob > 0.5):.3f}")


@case("healthy")
def circles_six_tanh(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    y_train = y_train.reshape(-1, 1)
    clf = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1), nn.Sigmoid())
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(clf.parameters(), lr=1.0)
    losses = []
    for _ in range(1500):
        sgd.zero_grad()
        loss = bce(clf(X_train), y_train)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    with torch.no_grad():
        prob = clf(X_val).numpy().ravel()
    print(f"loss {losses[-1]:.3f}, accuracy {accuracy_score(y_val.numpy(), prob > 0.5):.3f}")


@case("no_nonlinearity")
def circles_no_activation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    y_train = y_train.reshape(-1, 1)
    clf = nn.Sequential(nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 1), nn.Sigmoid())
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(clf.parameters(), lr=0.1)
    losses = []
    for _ in range(1500):
        sgd.zero_grad()
        loss = bce(clf(X_train), y_train)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    with torch.no_grad():
        prob = clf(X_val).numpy().ravel()
    print(f"loss {losses[-1]:.3f}, accuracy {accuracy_score(y_val.numpy(), prob > 0.5):.3f}")


@case("underfitting")
def circles_two_units(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    y_train = y_train.reshape(-1, 1)
    clf = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1), nn.Sigmoid())
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(clf.parameters(), lr=0.3)
    losses = []
    for _ in range(1500):
        sgd.zero_grad()
        loss = bce(clf(X_train), y_train)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    with torch.no_grad():
        prob = clf(X_val).numpy().ravel()
    print(f"loss {losses[-1]:.3f}, accuracy {accuracy_score(y_val.numpy(), prob > 0.5):.3f}")


@case("underfitting")
def circles_logistic(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    y_train = y_train.reshape(-1, 1)
    clf = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(clf.parameters(), lr=0.3)
    losses = []
    for _ in range(1500):
        sgd.zero_grad()
        loss = bce(clf(X_train), y_train)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    with torch.no_grad():
        prob = clf(X_val).numpy().ravel()
    print(f"loss {losses[-1]:.3f}, accuracy {accuracy_score(y_val.numpy(), prob > 0.5):.3f}")


@case("undertrained")
def circles_forty_steps(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    y_train = y_train.reshape(-1, 1)
    clf = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(clf.parameters(), lr=0.1)
    losses = []
    for _ in range(40):
        sgd.zero_grad()
        loss = bce(clf(X_train), y_train)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    with torch.no_grad():
        prob = clf(X_val).numpy().ravel()
    print(f"loss {losses[-1]:.3f}, accuracy {accuracy_score(y_val.numpy(), prob > 0.5):.3f}")


@case("lr_too_high")
def circles_rate_hundred(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    y_train = y_train.reshape(-1, 1)
    clf = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(clf.parameters(), lr=100.0)
    losses = []
    for _ in range(1500):
        sgd.zero_grad()
        loss = bce(clf(X_train), y_train)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    with torch.no_grad():
        prob = clf(X_val).numpy().ravel()
    print(f"loss {losses[-1]:.3f}, accuracy {accuracy_score(y_val.numpy(), prob > 0.5):.3f}")


@case("scheduler_misuse")
def circles_milestones_in_steps(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    y_train = y_train.reshape(-1, 1)
    clf = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    bce = nn.BCELoss()
    sgd = torch.optim.SGD(clf.parameters(), lr=0.3)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(sgd, milestones=[10, 20, 30], gamma=0.1)
    losses = []
    for _ in range(1500):
        sgd.zero_grad()
        loss = bce(clf(X_train), y_train)
        loss.backward()
        sgd.step()
        scheduler.step()
        losses.append(loss.item())
    with torch.no_grad():
        prob = clf(X_val).numpy().ravel()
    print(f"loss {losses[-1]:.3f}, accuracy {accuracy_score(y_val.numpy(), prob > 0.5):.3f}")


@case("nan_loss")
def circles_log_of_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    y_train = y_train.reshape(-1, 1)
    clf = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    sgd = torch.optim.Adam(clf.parameters(), lr=0.1)
    losses = []
    for _ in range(1500):
        sgd.zero_grad()
        p = clf(X_train * 1.0)
        loss = -(y_train * torch.log(p) + (1 - y_train) * torch.log(1 - p)).mean()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    with torch.no_grad():
        prob = clf(X_val).numpy().ravel()
    print(f"loss {losses[-1]:.3f}, accuracy {accuracy_score(y_val.numpy(), prob > 0.5):.3f}")


@case("healthy")
def churn_balanced_weight(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(
        nn.Linear(X_train.shape[1], 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1)
    )
    ratio = (y_train == 0).sum() / (y_train == 1).sum()
    loss_function = nn.BCEWithLogitsLoss(pos_weight=ratio)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True, drop_last=True)
    for _epoch in range(25):
        model.train()
        for features, target in train_loader:
            output = model(features).flatten()
            loss = loss_function(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(X_val).flatten()).numpy()
    balanced = balanced_accuracy_score(y_val.numpy(), probability > 0.5)
    print(f"auc {roc_auc_score(y_val.numpy(), probability):.3f} balanced accuracy {balanced:.3f}")


@case("class_weights_wrong")
def churn_weight_inverted(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(
        nn.Linear(X_train.shape[1], 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1)
    )
    ratio = (y_train == 1).sum() / (y_train == 0).sum()
    loss_function = nn.BCEWithLogitsLoss(pos_weight=ratio)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True, drop_last=True)
    for _epoch in range(25):
        model.train()
        for features, target in train_loader:
            output = model(features).flatten()
            loss = loss_function(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(X_val).flatten()).numpy()
    balanced = balanced_accuracy_score(y_val.numpy(), probability > 0.5)
    print(f"auc {roc_auc_score(y_val.numpy(), probability):.3f} balanced accuracy {balanced:.3f}")


@case("class_weights_wrong")
def churn_weight_squared(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(
        nn.Linear(X_train.shape[1], 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1)
    )
    ratio = (y_train == 0).sum() / (y_train == 1).sum()
    loss_function = nn.BCEWithLogitsLoss(pos_weight=100 * ratio)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True, drop_last=True)
    for _epoch in range(25):
        model.train()
        for features, target in train_loader:
            output = model(features).flatten()
            loss = loss_function(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(X_val).flatten()).numpy()
    balanced = balanced_accuracy_score(y_val.numpy(), probability > 0.5)
    print(f"auc {roc_auc_score(y_val.numpy(), probability):.3f} balanced accuracy {balanced:.3f}")


@case("batchnorm_stats")
def churn_bn_momentum_tiny(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(
        nn.Linear(X_train.shape[1], 48), nn.BatchNorm1d(48, momentum=1e-5), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1)
    )
    ratio = (y_train == 0).sum() / (y_train == 1).sum()
    loss_function = nn.BCEWithLogitsLoss(pos_weight=ratio)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True, drop_last=True)
    for _epoch in range(25):
        model.train()
        for features, target in train_loader:
            output = model(features).flatten()
            loss = loss_function(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(X_val).flatten()).numpy()
    balanced = balanced_accuracy_score(y_val.numpy(), probability > 0.5)
    print(f"auc {roc_auc_score(y_val.numpy(), probability):.3f} balanced accuracy {balanced:.3f}")


@case("batch_size_too_small")
def churn_batches_of_two(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(
        nn.Linear(X_train.shape[1], 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1)
    )
    ratio = (y_train == 0).sum() / (y_train == 1).sum()
    loss_function = nn.BCEWithLogitsLoss(pos_weight=ratio)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=2, shuffle=True, drop_last=True)
    for _epoch in range(2):
        model.train()
        for features, target in train_loader:
            output = model(features).flatten()
            loss = loss_function(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(X_val).flatten()).numpy()
    balanced = balanced_accuracy_score(y_val.numpy(), probability > 0.5)
    print(f"auc {roc_auc_score(y_val.numpy(), probability):.3f} balanced accuracy {balanced:.3f}")


@case("eval_mode_missing")
def churn_never_eval(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(
        nn.Linear(X_train.shape[1], 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.8), nn.Linear(48, 1)
    )
    ratio = (y_train == 0).sum() / (y_train == 1).sum()
    loss_function = nn.BCEWithLogitsLoss(pos_weight=ratio)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True, drop_last=True)
    for _epoch in range(25):
        model.train()
        for features, target in train_loader:
            output = model(features).flatten()
            loss = loss_function(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        probability = torch.sigmoid(model(X_val).flatten()).numpy()
    balanced = balanced_accuracy_score(y_val.numpy(), probability > 0.5)
    print(f"auc {roc_auc_score(y_val.numpy(), probability):.3f} balanced accuracy {balanced:.3f}")


@case("regularisation_too_strong")
def churn_strong_penalty(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(
        nn.Linear(X_train.shape[1], 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1)
    )
    ratio = (y_train == 0).sum() / (y_train == 1).sum()
    loss_function = nn.BCEWithLogitsLoss(pos_weight=ratio)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True, drop_last=True)
    for _epoch in range(25):
        model.train()
        for features, target in train_loader:
            output = model(features).flatten()
            penalty = sum(p.abs().sum() for p in model.parameters())
            loss = loss_function(output, target) + 1.0 * penalty
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(X_val).flatten()).numpy()
    balanced = balanced_accuracy_score(y_val.numpy(), probability > 0.5)
    print(f"auc {roc_auc_score(y_val.numpy(), probability):.3f} balanced accuracy {balanced:.3f}")


@case("overfitting")
def churn_wide_overfit(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    X_train, y_train = X_train[:120], y_train[:120]
    model = nn.Sequential(nn.Linear(X_train.shape[1], 512), nn.ReLU(), nn.Linear(512, 1))
    ratio = (y_train == 0).sum() / (y_train == 1).sum()
    loss_function = nn.BCEWithLogitsLoss(pos_weight=ratio)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True, drop_last=True)
    for _epoch in range(250):
        model.train()
        for features, target in train_loader:
            output = model(features).flatten()
            loss = loss_function(output, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(X_val).flatten()).numpy()
    balanced = balanced_accuracy_score(y_val.numpy(), probability > 0.5)
    print(f"auc {roc_auc_score(y_val.numpy(), probability):.3f} balanced accuracy {balanced:.3f}")


@case("healthy")
def credit_mse_adagrad(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    hidden = nn.Linear(X_train.shape[1], 32)
    out = nn.Linear(32, 1)
    params = [*hidden.parameters(), *out.parameters()]
    optimizer = torch.optim.Adagrad(params, lr=0.03)

    def predict(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(out(torch.tanh(hidden(x)))).squeeze(1)

    rng = np.random.default_rng(seed)
    for _epoch in range(20):
        order = rng.permutation(len(X_train))
        for rows in np.array_split(order, max(1, len(order) // 40)):
            error = predict(X_train[rows]) - y_train[rows]
            loss = (error**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = predict(X_val)
    print(f"auc {roc_auc_score(y_val.numpy(), p.numpy()):.3f} brier {((p - y_val) ** 2).mean():.3f}")


@case("unscaled_features")
def credit_mse_raw(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    hidden = nn.Linear(X_train.shape[1], 32)
    out = nn.Linear(32, 1)
    params = [*hidden.parameters(), *out.parameters()]
    optimizer = torch.optim.Adagrad(params, lr=0.03)

    def predict(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(out(torch.tanh(hidden(x)))).squeeze(1)

    rng = np.random.default_rng(seed)
    for _epoch in range(20):
        order = rng.permutation(len(X_train))
        for rows in np.array_split(order, max(1, len(order) // 40)):
            error = predict(X_train[rows]) - y_train[rows]
            loss = (error**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = predict(X_val)
    print(f"auc {roc_auc_score(y_val.numpy(), p.numpy()):.3f} brier {((p - y_val) ** 2).mean():.3f}")


@case("lr_too_high")
def credit_mse_rate_thirty(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    hidden = nn.Linear(X_train.shape[1], 32)
    out = nn.Linear(32, 1)
    params = [*hidden.parameters(), *out.parameters()]
    optimizer = torch.optim.Adagrad(params, lr=30.0)

    def predict(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(out(torch.tanh(hidden(x)))).squeeze(1)

    rng = np.random.default_rng(seed)
    for _epoch in range(20):
        order = rng.permutation(len(X_train))
        for rows in np.array_split(order, max(1, len(order) // 40)):
            error = predict(X_train[rows]) - y_train[rows]
            loss = (error**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = predict(X_val)
    print(f"auc {roc_auc_score(y_val.numpy(), p.numpy()):.3f} brier {((p - y_val) ** 2).mean():.3f}")


@case("lr_too_low")
def credit_mse_rate_tiny(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    hidden = nn.Linear(X_train.shape[1], 32)
    out = nn.Linear(32, 1)
    params = [*hidden.parameters(), *out.parameters()]
    optimizer = torch.optim.Adagrad(params, lr=1e-6)

    def predict(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(out(torch.tanh(hidden(x)))).squeeze(1)

    rng = np.random.default_rng(seed)
    for _epoch in range(20):
        order = rng.permutation(len(X_train))
        for rows in np.array_split(order, max(1, len(order) // 40)):
            error = predict(X_train[rows]) - y_train[rows]
            loss = (error**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = predict(X_val)
    print(f"auc {roc_auc_score(y_val.numpy(), p.numpy()):.3f} brier {((p - y_val) ** 2).mean():.3f}")


@case("overfitting")
def credit_mse_eighty_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    X_train, y_train = X_train[:80], y_train[:80]
    hidden = nn.Linear(X_train.shape[1], 256)
    out = nn.Linear(256, 1)
    params = [*hidden.parameters(), *out.parameters()]
    optimizer = torch.optim.Adagrad(params, lr=0.02)

    def predict(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(out(torch.tanh(hidden(x)))).squeeze(1)

    rng = np.random.default_rng(seed)
    for _epoch in range(600):
        order = rng.permutation(len(X_train))
        for rows in np.array_split(order, max(1, len(order) // 40)):
            error = predict(X_train[rows]) - y_train[rows]
            loss = (error**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = predict(X_val)
    print(f"auc {roc_auc_score(y_val.numpy(), p.numpy()):.3f} brier {((p - y_val) ** 2).mean():.3f}")


@case("bad_init")
def credit_mse_wide_init(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    hidden = nn.Linear(X_train.shape[1], 32)
    out = nn.Linear(32, 1)
    nn.init.normal_(hidden.weight, std=50.0)
    nn.init.normal_(out.weight, std=50.0)
    params = [*hidden.parameters(), *out.parameters()]
    optimizer = torch.optim.Adagrad(params, lr=0.03)

    def predict(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(out(torch.tanh(hidden(x)))).squeeze(1)

    rng = np.random.default_rng(seed)
    for _epoch in range(20):
        order = rng.permutation(len(X_train))
        for rows in np.array_split(order, max(1, len(order) // 40)):
            error = predict(X_train[rows]) - y_train[rows]
            loss = (error**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = predict(X_val)
    print(f"auc {roc_auc_score(y_val.numpy(), p.numpy()):.3f} brier {((p - y_val) ** 2).mean():.3f}")


@case("healthy")
def credit_mse_bigger_rate(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    hidden = nn.Linear(X_train.shape[1], 32)
    out = nn.Linear(32, 1)
    params = [*hidden.parameters(), *out.parameters()]
    optimizer = torch.optim.Adagrad(params, lr=0.1)

    def predict(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(out(torch.tanh(hidden(x)))).squeeze(1)

    rng = np.random.default_rng(seed)
    for _epoch in range(10):
        order = rng.permutation(len(X_train))
        for rows in np.array_split(order, max(1, len(order) // 40)):
            error = predict(X_train[rows]) - y_train[rows]
            loss = (error**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = predict(X_val)
    print(f"auc {roc_auc_score(y_val.numpy(), p.numpy()):.3f} brier {((p - y_val) ** 2).mean():.3f}")


@case("healthy")
def thyroid_focal_cosine(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 1), nn.Flatten(0))
    gamma, alpha = 2.0, 0.9

    def focal(logit: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        ce = F.binary_cross_entropy_with_logits(logit, y, reduction="none")
        weight = alpha * y + (1 - alpha) * (1 - y)
        return (weight * (1 - torch.exp(-ce)) ** gamma * ce).mean()

    epochs = 25
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    for _ in range(epochs):
        for idx in torch.randperm(len(X_train)).split(64):
            loss = focal(model(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        logit = model(X_val)
    auc = roc_auc_score(y_val.numpy(), logit.numpy())
    print(f"auc {auc:.3f}, f1 {f1_score(y_val.numpy(), logit.numpy() > 0):.3f}")


@case("scheduler_misuse")
def thyroid_focal_halved_each_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 1), nn.Flatten(0))
    gamma, alpha = 2.0, 0.9

    def focal(logit: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        ce = F.binary_cross_entropy_with_logits(logit, y, reduction="none")
        weight = alpha * y + (1 - alpha) * (1 - y)
        return (weight * (1 - torch.exp(-ce)) ** gamma * ce).mean()

    epochs = 25
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    for _ in range(epochs):
        for idx in torch.randperm(len(X_train)).split(64):
            loss = focal(model(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        logit = model(X_val)
    auc = roc_auc_score(y_val.numpy(), logit.numpy())
    print(f"auc {auc:.3f}, f1 {f1_score(y_val.numpy(), logit.numpy() > 0):.3f}")


@case("class_weights_wrong")
def thyroid_focal_alpha_tiny(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 1), nn.Flatten(0))
    gamma, alpha = 2.0, 0.001

    def focal(logit: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        ce = F.binary_cross_entropy_with_logits(logit, y, reduction="none")
        weight = alpha * y + (1 - alpha) * (1 - y)
        return (weight * (1 - torch.exp(-ce)) ** gamma * ce).mean()

    epochs = 25
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    for _ in range(epochs):
        for idx in torch.randperm(len(X_train)).split(64):
            loss = focal(model(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        logit = model(X_val)
    auc = roc_auc_score(y_val.numpy(), logit.numpy())
    print(f"auc {auc:.3f}, f1 {f1_score(y_val.numpy(), logit.numpy() > 0):.3f}")


@case("lr_too_low")
def thyroid_focal_rate_tiny(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 1), nn.Flatten(0))
    gamma, alpha = 2.0, 0.9

    def focal(logit: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        ce = F.binary_cross_entropy_with_logits(logit, y, reduction="none")
        weight = alpha * y + (1 - alpha) * (1 - y)
        return (weight * (1 - torch.exp(-ce)) ** gamma * ce).mean()

    epochs = 25
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-6)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    for _ in range(epochs):
        for idx in torch.randperm(len(X_train)).split(64):
            loss = focal(model(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        logit = model(X_val)
    auc = roc_auc_score(y_val.numpy(), logit.numpy())
    print(f"auc {auc:.3f}, f1 {f1_score(y_val.numpy(), logit.numpy() > 0):.3f}")


@case("nan_loss")
def thyroid_focal_cold_temperature(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 1), nn.Flatten(0))
    gamma, alpha, temperature = 2.0, 0.9, 0.01

    def focal(logit: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        e = torch.exp(logit / temperature)
        p = e / (1 + e)
        ce = -torch.log(torch.where(y == 1, p, 1 - p))
        weight = alpha * y + (1 - alpha) * (1 - y)
        return (weight * (1 - torch.exp(-ce)) ** gamma * ce).mean()

    epochs = 25
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    for _ in range(epochs):
        for idx in torch.randperm(len(X_train)).split(64):
            loss = focal(model(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        logit = model(X_val)
    print(f"f1 {f1_score(y_val.numpy(), logit.numpy() > 0):.3f}")


@case("nan_loss")
def thyroid_focal_group_lasso(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 1), nn.Flatten(0))
    gamma, alpha = 2.0, 0.9

    def focal(logit: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        ce = F.binary_cross_entropy_with_logits(logit, y, reduction="none")
        weight = alpha * y + (1 - alpha) * (1 - y)
        return (weight * (1 - torch.exp(-ce)) ** gamma * ce).mean()

    epochs = 25
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    for _ in range(epochs):
        for idx in torch.randperm(len(X_train)).split(64):
            group_lasso = sum(torch.sqrt((p**2).sum()) for p in model.parameters())
            loss = focal(model(X_train[idx]), y_train[idx]) + 1e-4 * group_lasso
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        logit = model(X_val)
    print(f"f1 {f1_score(y_val.numpy(), logit.numpy() > 0):.3f}")


@case("healthy")
def clouds_hinge(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    t_train = 2 * y_train - 1

    class Margin(nn.Module):
        def __init__(self, width: int = 16) -> None:
            super().__init__()
            self.a = nn.Linear(8, width)
            self.b = nn.Linear(width, width)
            self.c = nn.Linear(width, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.leaky_relu(self.a(x))
            x = F.leaky_relu(self.b(x))
            return self.c(x)[:, 0]

    machine = Margin()
    optimizer = torch.optim.SGD(machine.parameters(), lr=0.02, weight_decay=1e-3)
    for _epoch in range(25):
        for rows in torch.randperm(len(X_train)).split(20):
            loss = F.relu(1 - t_train[rows] * machine(X_train[rows])).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        margin = machine(X_val)
    print(f"val accuracy {((margin > 0) == (y_val > 0)).float().mean():.3f}")


@case("healthy")
def clouds_hinge_noisy_small_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    t_train = 2 * y_train - 1

    class Margin(nn.Module):
        def __init__(self, width: int = 16) -> None:
            super().__init__()
            self.a = nn.Linear(8, width)
            self.b = nn.Linear(width, width)
            self.c = nn.Linear(width, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.leaky_relu(self.a(x))
            x = F.leaky_relu(self.b(x))
            return self.c(x)[:, 0]

    machine = Margin()
    optimizer = torch.optim.SGD(machine.parameters(), lr=0.005, weight_decay=1e-3)
    for _epoch in range(12):
        for rows in torch.randperm(len(X_train)).split(4):
            loss = F.relu(1 - t_train[rows] * machine(X_train[rows])).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        margin = machine(X_val)
    print(f"val accuracy {((margin > 0) == (y_val > 0)).float().mean():.3f}")


@case("regularisation_too_strong")
def clouds_hinge_decay_two(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    t_train = 2 * y_train - 1

    class Margin(nn.Module):
        def __init__(self, width: int = 16) -> None:
            super().__init__()
            self.a = nn.Linear(8, width)
            self.b = nn.Linear(width, width)
            self.c = nn.Linear(width, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.leaky_relu(self.a(x))
            x = F.leaky_relu(self.b(x))
            return self.c(x)[:, 0]

    machine = Margin()
    optimizer = torch.optim.SGD(machine.parameters(), lr=0.02, weight_decay=2.0)
    for _epoch in range(25):
        for rows in torch.randperm(len(X_train)).split(20):
            loss = F.relu(1 - t_train[rows] * machine(X_train[rows])).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        margin = machine(X_val)
    print(f"val accuracy {((margin > 0) == (y_val > 0)).float().mean():.3f}")


@case("undertrained")
def clouds_hinge_two_steps(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    t_train = 2 * y_train - 1

    class Margin(nn.Module):
        def __init__(self, width: int = 16) -> None:
            super().__init__()
            self.a = nn.Linear(8, width)
            self.b = nn.Linear(width, width)
            self.c = nn.Linear(width, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.leaky_relu(self.a(x))
            x = F.leaky_relu(self.b(x))
            return self.c(x)[:, 0]

    machine = Margin()
    optimizer = torch.optim.SGD(machine.parameters(), lr=0.02, weight_decay=1e-3)
    for _epoch in range(3):
        for rows in torch.randperm(len(X_train)).split(300):
            loss = F.relu(1 - t_train[rows] * machine(X_train[rows])).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        margin = machine(X_val)
    print(f"val accuracy {((margin > 0) == (y_val > 0)).float().mean():.3f}")


@case("lr_too_high")
def clouds_hinge_rate_ten(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    t_train = 2 * y_train - 1

    class Margin(nn.Module):
        def __init__(self, width: int = 16) -> None:
            super().__init__()
            self.a = nn.Linear(8, width)
            self.b = nn.Linear(width, width)
            self.c = nn.Linear(width, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.leaky_relu(self.a(x))
            x = F.leaky_relu(self.b(x))
            return self.c(x)[:, 0]

    machine = Margin()
    optimizer = torch.optim.SGD(machine.parameters(), lr=10.0, momentum=0.9)
    for _epoch in range(25):
        for rows in torch.randperm(len(X_train)).split(20):
            loss = F.relu(1 - t_train[rows] * machine(X_train[rows])).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        margin = machine(X_val)
    print(f"val accuracy {((margin > 0) == (y_val > 0)).float().mean():.3f}")


@case("overfitting")
def clouds_hinge_thirty_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    X_train, y_train = X_train[:30], y_train[:30]
    t_train = 2 * y_train - 1

    class Margin(nn.Module):
        def __init__(self, width: int = 200) -> None:
            super().__init__()
            self.a = nn.Linear(8, width)
            self.b = nn.Linear(width, width)
            self.c = nn.Linear(width, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.leaky_relu(self.a(x))
            x = F.leaky_relu(self.b(x))
            return self.c(x)[:, 0]

    machine = Margin()
    optimizer = torch.optim.SGD(machine.parameters(), lr=0.05, momentum=0.9)
    for _epoch in range(300):
        for rows in torch.randperm(len(X_train)).split(10):
            loss = F.relu(1 - t_train[rows] * machine(X_train[rows])).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        margin = machine(X_val)
    print(f"val accuracy {((margin > 0) == (y_val > 0)).float().mean():.3f}")


@case("healthy")
def sms_tfidf_mlp(seed: int) -> None:
    sms = pd.read_csv(TABLES / "sms_spam/sms_spam.csv.gz").drop_duplicates("text")
    sms = sms.sample(1500, random_state=seed)
    texts_train, texts_val, y_train, y_val = train_test_split(
        sms["text"], (sms["label"] == "spam").to_numpy(dtype="float32"), test_size=0.3, random_state=seed
    )
    tfidf = TfidfVectorizer(max_features=300, sublinear_tf=True)
    X_train = torch.tensor(tfidf.fit_transform(texts_train).toarray(), dtype=torch.float32)
    X_val = torch.tensor(tfidf.transform(texts_val).toarray(), dtype=torch.float32)
    y_train = torch.tensor(y_train)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(10):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        spam = torch.sigmoid(model(X_val)[:, 0]).numpy()
    print(f"spam: auc {roc_auc_score(y_val, spam):.3f} recall {recall_score(y_val, spam > 0.5):.3f}")


@case("lr_too_low")
def sms_tfidf_sgd_slow(seed: int) -> None:
    sms = pd.read_csv(TABLES / "sms_spam/sms_spam.csv.gz").drop_duplicates("text")
    sms = sms.sample(1500, random_state=seed)
    texts_train, texts_val, y_train, y_val = train_test_split(
        sms["text"], (sms["label"] == "spam").to_numpy(dtype="float32"), test_size=0.3, random_state=seed
    )
    tfidf = TfidfVectorizer(max_features=300, sublinear_tf=True)
    X_train = torch.tensor(tfidf.fit_transform(texts_train).toarray(), dtype=torch.float32)
    X_val = torch.tensor(tfidf.transform(texts_val).toarray(), dtype=torch.float32)
    y_train = torch.tensor(y_train)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    for _epoch in range(10):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        spam = torch.sigmoid(model(X_val)[:, 0]).numpy()
    print(f"spam: auc {roc_auc_score(y_val, spam):.3f} recall {recall_score(y_val, spam > 0.5):.3f}")


@case("regularisation_too_strong")
def sms_tfidf_dropout(seed: int) -> None:
    sms = pd.read_csv(TABLES / "sms_spam/sms_spam.csv.gz").drop_duplicates("text")
    sms = sms.sample(1500, random_state=seed)
    texts_train, texts_val, y_train, y_val = train_test_split(
        sms["text"], (sms["label"] == "spam").to_numpy(dtype="float32"), test_size=0.3, random_state=seed
    )
    tfidf = TfidfVectorizer(max_features=300, sublinear_tf=True)
    X_train = torch.tensor(tfidf.fit_transform(texts_train).toarray(), dtype=torch.float32)
    X_val = torch.tensor(tfidf.transform(texts_val).toarray(), dtype=torch.float32)
    y_train = torch.tensor(y_train)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Dropout(0.99), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(10):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        spam = torch.sigmoid(model(X_val)[:, 0]).numpy()
    print(f"spam: auc {roc_auc_score(y_val, spam):.3f} recall {recall_score(y_val, spam > 0.5):.3f}")


@case("imbalance")
def credit_rare_defaults(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    keep = (y_train == 0) | (torch.cumsum(y_train, 0) <= 50)
    X_train, y_train = X_train[keep], y_train[keep]
    keep = (y_val == 0) | (torch.cumsum(y_val, 0) <= 40)
    X_val, y_val = X_val[keep], y_val[keep]
    model = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Dropout(0.4), nn.Linear(24, 2))
    weights = torch.tensor([1.0, 1.0])
    criterion = nn.CrossEntropyLoss(weight=weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(15):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        prob = model(X_val).softmax(1)[:, 1].numpy()
    recall = recall_score(y_val.numpy(), prob > 0.5)
    balanced = balanced_accuracy_score(y_val.numpy(), prob > 0.5)
    print(f"recall of the defaults {recall:.3f}, balanced accuracy {balanced:.3f}")


@case("healthy")
def credit_rare_defaults_weighted(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    keep = (y_train == 0) | (torch.cumsum(y_train, 0) <= 50)
    X_train, y_train = X_train[keep], y_train[keep]
    keep = (y_val == 0) | (torch.cumsum(y_val, 0) <= 40)
    X_val, y_val = X_val[keep], y_val[keep]
    model = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Dropout(0.4), nn.Linear(24, 2))
    weights = torch.tensor([1.0, (y_train == 0).sum() / 50])
    criterion = nn.CrossEntropyLoss(weight=weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(15):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        prob = model(X_val).softmax(1)[:, 1].numpy()
    recall = recall_score(y_val.numpy(), prob > 0.5)
    balanced = balanced_accuracy_score(y_val.numpy(), prob > 0.5)
    print(f"recall of the defaults {recall:.3f}, balanced accuracy {balanced:.3f}")


@case("class_weights_wrong")
def credit_rare_weights_swapped(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    keep = (y_train == 0) | (torch.cumsum(y_train, 0) <= 50)
    X_train, y_train = X_train[keep], y_train[keep]
    keep = (y_val == 0) | (torch.cumsum(y_val, 0) <= 40)
    X_val, y_val = X_val[keep], y_val[keep]
    model = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Dropout(0.4), nn.Linear(24, 2))
    weights = torch.tensor([(y_train == 0).sum() / 50, 1.0])
    criterion = nn.CrossEntropyLoss(weight=weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(15):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        prob = model(X_val).softmax(1)[:, 1].numpy()
    recall = recall_score(y_val.numpy(), prob > 0.5)
    balanced = balanced_accuracy_score(y_val.numpy(), prob > 0.5)
    print(f"recall of the defaults {recall:.3f}, balanced accuracy {balanced:.3f}")


@case("healthy")
def cancer_logistic_suffices(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_tr)
    X_tr = torch.tensor(scaler.transform(X_tr), dtype=torch.float32)
    X_te = torch.tensor(scaler.transform(X_te), dtype=torch.float32)
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    net = nn.Sequential(nn.Linear(30, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    batch = 32
    for _epoch in range(40):
        order = torch.randperm(len(X_tr))
        for start in range(0, len(X_tr), batch):
            rows = order[start : start + batch]
            loss = F.cross_entropy(net(X_tr[rows]), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_te).argmax(1)
    print("test accuracy", accuracy_score(y_te, pred))


@case("regularisation_too_strong")
def moons_max_norm_tenth(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 4, 24
    layers: list[nn.Module] = [nn.Linear(2, width), nn.ReLU()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.ReLU()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for layer in model[::2]:
                    layer.weight.renorm_(2, 0, 0.1)
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("healthy")
def moons_max_norm_three(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    depth, width = 4, 24
    layers: list[nn.Module] = [nn.Linear(2, width), nn.ReLU()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), nn.ReLU()]
    layers.append(nn.Linear(width, 1))
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for layer in model[::2]:
                    layer.weight.renorm_(2, 0, 3.0)
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print(f"validation accuracy {accuracy:.3f}")


@case("healthy")
def spam_mlp_batchnorm_for_raw(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.BatchNorm1d(57),
        nn.Linear(57, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(20):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    acc = ((logits > 0).float() == y_val).float().mean().item()
    print(f"val acc {acc:.3f}  auc {roc_auc_score(y_val.numpy(), logits.numpy()):.3f}")
