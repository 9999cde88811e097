"""Trainings with nothing wrong, of the kinds that fool rules."""

import numpy as np
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.metrics import balanced_accuracy_score, f1_score, recall_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler


@case("healthy")
def plain_mlp_moons(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(25):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


# Logistic regression: linear data or at least data that a line serves well.
for _name, _rate in (("clouds", 0.05), ("breast_cancer", 0.01), ("spambase", 0.01), ("credit_data", 0.01)):

    def logistic_regression(seed: int, name: str = _name, rate: float = _rate) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Linear(X_train.shape[1], 1)
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        for _epoch in range(30):
            order = torch.randperm(len(X_train))
            for start in range(0, len(order), 32):
                rows = order[start : start + 32]
                loss = F.binary_cross_entropy_with_logits(model(X_train[rows]), y_train[rows].unsqueeze(1))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            predicted = torch.sigmoid(model(X_val)).squeeze(1) > 0.5
        print("accuracy", (predicted == y_val.bool()).float().mean().item())

    logistic_regression.__name__ = f"logistic_regression_{_name}"
    case("healthy")(logistic_regression)


# Rare positives, found all the same.
for _name in ("hypothyroid", "mlc_churn", "digit_8"):

    def imbalanced_but_fine(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        net = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
        opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
        criterion = nn.BCEWithLogitsLoss()
        for _epoch in range(14):
            for idx in torch.randperm(len(X_train)).split(32):
                opt.zero_grad()
                criterion(net(X_train[idx])[:, 0], y_train[idx]).backward()
                opt.step()
        with torch.no_grad():
            scores = net(X_val)[:, 0]
        print("accuracy", ((scores > 0) == (y_val == 1)).float().mean().item())
        print("AUC", roc_auc_score(y_val.numpy(), scores.numpy()))

    imbalanced_but_fine.__name__ = f"imbalanced_but_fine_{_name}"
    case("healthy")(imbalanced_but_fine)


@case("healthy")
def frozen_random_features(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    body = nn.Sequential(nn.Linear(2, 256), nn.ReLU())
    for parameter in body.parameters():
        parameter.requires_grad = False
    head = nn.Linear(256, 1)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.02)
    loss_fn = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=50, shuffle=True)
    for _epoch in range(40):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(head(body(xb)), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        correct = (head(body(X_val)) > 0).float() == y_val[:, None]
    print(f"validation accuracy: {correct.float().mean():.3f}")


@case("healthy")
def frozen_pretrained_backbone(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    backbone = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU())
    decoder = nn.Linear(24, 64)
    pretraining = torch.optim.Adam([*backbone.parameters(), *decoder.parameters()], lr=3e-3)
    for _epoch in range(15):
        for idx in torch.randperm(len(X_train)).split(64):
            pretraining.zero_grad()
            F.mse_loss(decoder(backbone(X_train[idx])), X_train[idx].clamp(-3, 3)).backward()
            pretraining.step()
    backbone.requires_grad_(False)
    head = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 1))
    model = nn.Sequential(backbone, head)
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-3)
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(64):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(-1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(X_val).squeeze(-1)
    print("accuracy", ((scores > 0).float() == y_val).float().mean().item())


@case("healthy")
def fine_tune_last_layer_first(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    for layer in model[:-1]:
        layer.requires_grad_(False)
    optimizer = torch.optim.Adam(model[-1].parameters(), lr=0.01)
    for epoch in range(40):
        if epoch == 10:
            model.requires_grad_(True)
            optimizer.add_param_group({"params": model[:-1].parameters(), "lr": 0.005})
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].view(-1, 1))
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).view(-1) == y_val.bool()).float().mean().item())


@case("healthy")
def gradient_accumulation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    loss_fn = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=10, shuffle=True)
    accumulate = 4
    for _epoch in range(30):
        optimizer.zero_grad()
        for i, (xb, yb) in enumerate(loader):
            loss = loss_fn(model(xb).squeeze(1), yb) / accumulate
            loss.backward()
            if (i + 1) % accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean()
    print(f"accuracy {accuracy:.3f}")


@case("healthy")
def gradient_accumulation_summed(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    step = 0
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(8):
            F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
            step += 1
            if step % 2 == 0:
                optimizer.step()
                optimizer.zero_grad()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(dim=1) == y_val.long()).float().mean().item())


for _name, _norm in (("spambase", 1.0), ("circles", 0.5), ("credit_data", 1.0)):

    def clipped_norm(seed: int, name: str = _name, norm: float = _norm) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        criterion = nn.BCEWithLogitsLoss()
        for _epoch in range(15):
            model.train()
            for idx in torch.randperm(len(X_train)).split(40):
                optimizer.zero_grad()
                loss = criterion(model(X_train[idx]), y_train[idx, None])
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=norm)
                optimizer.step()
        model.eval()
        with torch.no_grad():
            predicted = (model(X_val) > 0).float()
        print("accuracy", (predicted == y_val[:, None]).float().mean().item())

    clipped_norm.__name__ = f"clipped_norm_{_name}"
    case("healthy")(clipped_norm)


@case("healthy")
def clipped_value(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 40), nn.ReLU(), nn.Linear(40, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(30):
        for xb, yb in zip(X_train.split(30), y_train.split(30), strict=True):
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            model.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 0.1)
            optimizer.step()
    logits = model(X_val).detach()
    print("accuracy", ((logits > 0) == y_val.bool()).float().mean().item())


for _name, _epochs in (("spambase", 12), ("moons", 20), ("digit_8", 10), ("breast_cancer", 8)):

    def heavy_dropout(seed: int, name: str = _name, epochs: int = _epochs) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(
            nn.Linear(X_train.shape[1], 128),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(64, 1),
        )
        optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
        loss_fn = nn.BCEWithLogitsLoss()
        loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=32, shuffle=True)
        for _epoch in range(epochs):
            model.train()
            for xb, yb in loader:
                optimizer.zero_grad()
                loss_fn(model(xb), yb).backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                logits = model(X_val)
                accuracy = ((logits > 0).float() == y_val.unsqueeze(1)).float().mean().item()
        print(f"accuracy {accuracy:.3f}")

    heavy_dropout.__name__ = f"heavy_dropout_{_name}"
    case("healthy")(heavy_dropout)


@case("healthy")
def batch_norm_mlp(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 32, bias=False)
            self.bn1 = nn.BatchNorm1d(32)
            self.fc2 = nn.Linear(32, 32, bias=False)
            self.bn2 = nn.BatchNorm1d(32)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.bn1(self.fc1(x)))
            x = torch.relu(self.bn2(self.fc2(x)))
            return self.out(x)

    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train.reshape(-1, 1)), batch_size=64, shuffle=True, drop_last=True)
    for _epoch in range(25):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            nn.BCEWithLogitsLoss()(net(xb), yb).backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(X_val) >= 0).float() == y_val.reshape(-1, 1)).float().mean().item())


@case("healthy")
def batch_norm_first_on_raw_features(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    model = nn.Sequential(nn.BatchNorm1d(30), nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True, drop_last=True)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(model(xb).flatten(), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = model(X_val).flatten() > 0
    print("accuracy", (predicted == y_val.bool()).float().mean().item())


@case("healthy")
def standardise_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    scaler = StandardScaler().fit(X_train.numpy())
    X_train = torch.tensor(scaler.transform(X_train.numpy()), dtype=torch.float32)
    X_val = torch.tensor(scaler.transform(X_val.numpy()), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(X_val).squeeze(1).numpy()
    print("accuracy", np.mean((scores > 0) == (y_val.numpy() == 1)), "auc", roc_auc_score(y_val.numpy(), scores))


@case("healthy")
def scaling_inside_the_model(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)

    class Scaled(nn.Module):
        def __init__(self, mean: Tensor, std: Tensor) -> None:
            super().__init__()
            self.register_buffer("mean", mean)
            self.register_buffer("std", std)
            self.layers = nn.Sequential(nn.Linear(len(mean), 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.layers((x - self.mean) / self.std).squeeze(-1)

    model = Scaled(X_train.mean(0), X_train.std(0) + 1e-6)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss_fn(model(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val).float().mean().item())


for _name in ("moons", "spambase"):

    def zero_last_layer(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 1))
        nn.init.zeros_(model[-1].weight)
        nn.init.zeros_(model[-1].bias)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.004)
        for _epoch in range(20):
            for idx in torch.randperm(len(X_train)).split(32):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        model.eval()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    zero_last_layer.__name__ = f"zero_last_layer_{_name}"
    case("healthy")(zero_last_layer)


@case("healthy")
def bias_set_to_prevalence(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    rate = y_train.mean()
    with torch.no_grad():
        model[-1].weight.zero_()
        model[-1].bias.fill_(torch.log(rate / (1 - rate)))
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(15):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(X_val).squeeze(1)
    print("recall", recall_score(y_val.numpy(), (scores > 0).numpy()))
    print("auc", roc_auc_score(y_val.numpy(), scores.numpy()))


@case("healthy")
def label_smoothing_cross_entropy(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 2))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(20):
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    correct = 0
    with torch.no_grad():
        for xb, yb in DataLoader(TensorDataset(X_val, y_val.long()), batch_size=128):
            correct += (model(xb).argmax(1) == yb).sum().item()
    print("accuracy", correct / len(X_val))


@case("healthy")
def label_smoothing_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    soft = y_train * 0.9 + 0.05
    for _epoch in range(30):
        for idx in torch.randperm(600).split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], soft[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


for _name in ("hypothyroid", "mlc_churn", "credit_data", "digit_8"):

    def positive_weight(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        weight = (y_train == 0).sum() / (y_train == 1).sum()
        model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
        criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
        optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
        for _epoch in range(12):
            for idx in torch.randperm(len(X_train)).split(32):
                optimizer.zero_grad()
                criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        model.eval()
        with torch.no_grad():
            predicted = (model(X_val).squeeze(1) > 0).int()
        print("balanced accuracy", balanced_accuracy_score(y_val.int().numpy(), predicted.numpy()))

    positive_weight.__name__ = f"positive_weight_{_name}"
    case("healthy")(positive_weight)


for _name in ("moons", "circles", "breast_cancer", "digit_8"):

    def two_logits(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        y_train, y_val = y_train.long(), y_val.long()
        model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
        criterion = nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
        loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
        for _epoch in range(20):
            for inputs, targets in loader:
                optimizer.zero_grad()
                outputs = model(inputs)
                loss = criterion(outputs, targets)
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            _, predicted = torch.max(model(X_val), 1)
        print("accuracy", (predicted == y_val).sum().item() / len(y_val))

    two_logits.__name__ = f"two_logits_{_name}"
    case("healthy")(two_logits)


for _name in ("moons", "digit_8", "credit_data"):

    def sigmoid_and_bceloss(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        y_train, y_val = y_train.unsqueeze(1), y_val.unsqueeze(1)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
        criterion = nn.BCELoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.004)
        for _epoch in range(25 if name == "moons" else 12):
            order = torch.randperm(len(X_train))
            for start in range(0, len(order), 20):
                rows = order[start : start + 20]
                loss = criterion(model(X_train[rows]), y_train[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val) > 0.5).float() == y_val).float().mean().item())

    sigmoid_and_bceloss.__name__ = f"sigmoid_and_bceloss_{_name}"
    case("healthy")(sigmoid_and_bceloss)


@case("healthy")
def log_softmax_and_nll(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.ELU(), nn.Linear(24, 16), nn.ELU(), nn.Linear(16, 2), nn.LogSoftmax(1))
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.003)
    for _epoch in range(25):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.nll_loss(model(X_train[idx]), y_train[idx].long()).backward()
            optimizer.step()
    predicted = model(X_val).exp().detach().numpy().argmax(axis=1)
    print("accuracy", np.mean(predicted == y_val.numpy()))


@case("healthy")
def hand_written_stable_bce(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    def bce(z: Tensor, y: Tensor) -> Tensor:
        return (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()

    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(25):
        for idx in torch.randperm(600).split(40):
            optimizer.zero_grad()
            bce(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0) == (y_val > 0.5)).float().mean().item())


@case("healthy")
def softplus_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    sign = 2 * y_train - 1
    for _epoch in range(15):
        for idx in torch.randperm(600).split(20):
            loss = F.softplus(-sign[idx] * model(X_train[idx]).view(-1)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).view(-1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def log_with_epsilon(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(32):
            p = model(X_train[idx])[:, 0]
            y = y_train[idx]
            loss = -(y * torch.log(p + 1e-7) + (1 - y) * torch.log(1 - p + 1e-7)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (model(X_val)[:, 0].round() == y_val).float().mean().item())


for _name in ("digit_8", "mlc_churn"):

    def focal_loss(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)

        class FocalLoss(nn.Module):
            def __init__(self, gamma: float = 2.0, alpha: float = 0.75) -> None:
                super().__init__()
                self.gamma = gamma
                self.alpha = alpha

            def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
                ce = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
                p_t = torch.exp(-ce)
                alpha_t = self.alpha * targets + (1 - self.alpha) * (1 - targets)
                return (alpha_t * (1 - p_t) ** self.gamma * ce).mean()

        model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
        criterion = FocalLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
        for _epoch in range(12):
            for idx in torch.randperm(len(X_train)).split(32):
                optimizer.zero_grad()
                criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        with torch.no_grad():
            scores = model(X_val).squeeze(1)
        print("auc", roc_auc_score(y_val.numpy(), scores.numpy()))
        print("f1", f1_score(y_val.numpy(), (scores > 0).numpy()))

    focal_loss.__name__ = f"focal_loss_{_name}"
    case("healthy")(focal_loss)


@case("healthy")
def hard_data_small_net(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _epoch in range(40):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze() > 0).float() == y_val).float().mean().item())


@case("healthy")
def hard_overlapping_clouds(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    X_train, X_val = X_train + 0.7 * torch.randn_like(X_train), X_val + 0.7 * torch.randn_like(X_val)
    model = nn.Linear(8, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(30):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx, None]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val[:, None]).float().mean().item())


for _name in ("moons", "breast_cancer", "clouds"):

    def sixty_rows(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        X_train, y_train = X_train[:60], y_train[:60]
        model = nn.Sequential(nn.Linear(X_train.shape[1], 8), nn.Tanh(), nn.Linear(8, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-2)
        for _epoch in range(35):
            for idx in torch.randperm(60).split(15):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    sixty_rows.__name__ = f"sixty_rows_{_name}"
    case("healthy")(sixty_rows)


@case("healthy")
def one_hot_features(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    def encode(x: Tensor) -> Tensor:
        bins = torch.bucketize(x, torch.linspace(-2, 2, 13))
        return F.one_hot(bins, 14).flatten(1).float()

    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    loader = DataLoader(TensorDataset(encode(X_train), y_train), batch_size=32, shuffle=True)
    for _epoch in range(20):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(encode(X_val)).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def sparse_binary_features(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)
    X_train, X_val = (X_train > 0).float(), (X_val > 0).float()
    model = nn.Sequential(nn.Linear(57, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _epoch in range(12):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def log_features(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)
    X_train, X_val = torch.log1p(X_train), torch.log1p(X_val)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def pixels_between_0_and_1(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train / 16.0, X_val / 16.0
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _epoch in range(25):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


for _name in ("circles", "spambase"):

    def one_cycle(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
        loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
        epochs = 12
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.02, total_steps=epochs * len(loader))
        for _epoch in range(epochs):
            for xb, yb in loader:
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
                optimizer.step()
                scheduler.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    one_cycle.__name__ = f"one_cycle_{_name}"
    case("healthy")(one_cycle)


for _name in ("moons", "digit_8"):

    def cosine_schedule(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 48), nn.ReLU(), nn.Linear(48, 2))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
        for _epoch in range(20):
            for idx in torch.randperm(len(X_train)).split(50):
                optimizer.zero_grad()
                F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
                optimizer.step()
            scheduler.step()
        with torch.no_grad():
            print("accuracy", (model(X_val).argmax(dim=1) == y_val).float().mean().item())

    cosine_schedule.__name__ = f"cosine_schedule_{_name}"
    case("healthy")(cosine_schedule)


@case("healthy")
def warm_up_from_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.GELU(), nn.Linear(32, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 60))
    for _epoch in range(25):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def warm_up_then_cosine(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-2)
    warm = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.05, total_iters=50)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=406)
    scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, decay], milestones=[50])
    for _epoch in range(12):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
            scheduler.step()
    model.eval()
    with torch.inference_mode():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def reduce_on_plateau(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=4)
    for _epoch in range(30):
        for idx in torch.randperm(600).split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx, None]).backward()
            optimizer.step()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(model(X_val), y_val[:, None])
        scheduler.step(val_loss)
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val[:, None]).float().mean().item())


@case("healthy")
def step_decay(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=15, gamma=0.1)
    for _epoch in range(35):
        for idx in torch.randperm(600).split(60):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], y_train[idx]).backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


for _name, _rate in (("moons", 0.5), ("clouds", 0.02), ("breast_cancer", 0.1)):

    def large_sgd_rate(seed: int, name: str = _name, rate: float = _rate) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=rate)
        for epoch in range(1, 51):
            total = 0.0
            for idx in torch.randperm(len(X_train)).split(32):
                loss = F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(idx)
            if epoch % 50 == 0:
                print(f"epoch {epoch} loss {total / len(X_train):.3f}")
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    large_sgd_rate.__name__ = f"large_sgd_rate_{_name}"
    case("healthy")(large_sgd_rate)


@case("healthy")
def adam_at_003(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 20), nn.ReLU(), nn.Linear(20, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _epoch in range(30):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).flatten(), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).flatten() > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def evaluation_without_no_grad(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(25):
        for idx in torch.randperm(600).split(32):
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        val_loss = criterion(model(X_val).squeeze(1), y_val)
    accuracy = ((torch.sigmoid(model(X_val)).squeeze(1) > 0.5).float() == y_val).float().mean()
    print(f"val loss {val_loss.item():.3f} accuracy {accuracy.item():.3f}")


for _name in ("circles", "digit_8"):

    def evaluation_in_numpy(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
        for _epoch in range(15):
            for idx in np.array_split(np.random.permutation(len(X_train)), len(X_train) // 30):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        logits = model(X_val).detach().numpy().ravel()
        probabilities = 1 / (1 + np.exp(-logits))
        predicted = (probabilities >= 0.5).astype(int)
        print("accuracy", (predicted == y_val.numpy().astype(int)).mean())

    evaluation_in_numpy.__name__ = f"evaluation_in_numpy_{_name}"
    case("healthy")(evaluation_in_numpy)


for _name in ("mlc_churn", "spambase", "credit_data"):

    def best_weights_restored(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
        criterion = nn.BCEWithLogitsLoss()
        best_loss, best_state, waited = float("inf"), {}, 0
        for _epoch in range(40):
            model.train()
            for idx in torch.randperm(len(X_train)).split(32):
                optimizer.zero_grad()
                criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                val_loss = criterion(model(X_val).squeeze(1), y_val).item()
            if val_loss < best_loss:
                best_loss, waited = val_loss, 0
                best_state = {key: value.clone() for key, value in model.state_dict().items()}
            else:
                waited += 1
                if waited == 4:
                    break
        model.load_state_dict(best_state)
        with torch.no_grad():
            scores = model(X_val).squeeze(1)
        print("accuracy", ((scores > 0).float() == y_val).float().mean().item())

    best_weights_restored.__name__ = f"best_weights_restored_{_name}"
    case("healthy")(best_weights_restored)


@case("healthy")
def feature_attention(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Parameter(torch.randn(8, 16) * 0.5)
            self.position = nn.Parameter(torch.randn(8, 16) * 0.1)
            self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
            self.out = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            tokens = x.unsqueeze(-1) * self.embed + self.position
            mixed, _ = self.attention(tokens, tokens, tokens)
            return self.out((tokens + mixed).mean(dim=1)).squeeze(-1)

    model = Attention()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _epoch in range(12):
        model.train()
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def attention_pooling_over_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class Pooling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(8, 24, batch_first=True)
            self.score = nn.Linear(24, 1)
            self.out = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            states, _ = self.rnn(x)
            weights = torch.softmax(self.score(states), dim=1)
            return self.out((weights * states).sum(dim=1))

    model = Pooling()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    X_train, X_val = X_train.view(-1, 8, 8).clamp(-4, 4), X_val.view(-1, 8, 8).clamp(-4, 4)
    for _epoch in range(15):
        for idx in torch.randperm(len(X_train)).split(64):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx].unsqueeze(1)).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val.unsqueeze(1)).float().mean().item())


@case("healthy")
def sigmoid_gates_inside(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class Gated(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.value = nn.Linear(57, 32)
            self.gate = nn.Linear(57, 32)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.value(x) * torch.sigmoid(self.gate(x)))

    model = Gated()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _epoch in range(12):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


for _name in ("moons", "circles"):

    def embedding_of_bins(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        edges = torch.linspace(-1.8, 1.8, 11)

        class Embedded(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.first = nn.Embedding(12, 6)
                self.second = nn.Embedding(12, 6)
                self.layers = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 1))

            def forward(self, codes: Tensor) -> Tensor:
                return self.layers(torch.cat([self.first(codes[:, 0]), self.second(codes[:, 1])], dim=1)).squeeze(1)

        model = Embedded()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        train_codes, val_codes = torch.bucketize(X_train, edges), torch.bucketize(X_val, edges)
        loader = DataLoader(TensorDataset(train_codes, y_train), batch_size=32, shuffle=True)
        for _epoch in range(10):
            for codes, labels in loader:
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(codes), labels).backward()
                optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(val_codes) > 0).float() == y_val).float().mean().item())

    embedding_of_bins.__name__ = f"embedding_of_bins_{_name}"
    case("healthy")(embedding_of_bins)


@case("healthy")
def gru_on_pixel_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train.reshape(-1, 8, 8) / 16, X_val.reshape(-1, 8, 8) / 16

    class RowGRU(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(8, 32, batch_first=True)
            self.fc = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            _, hidden = self.gru(x)
            return self.fc(hidden[-1]).squeeze(1)

    model = RowGRU()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(64):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val).float().mean().item())


for _norm in (True, False):

    def convolutions(seed: int, norm: bool = _norm) -> None:
        X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
        X_train, X_val = X_train.view(-1, 1, 8, 8) / 16, X_val.view(-1, 1, 8, 8) / 16
        model = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.BatchNorm2d(8) if norm else nn.Identity(),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(256, 1),
        )
        optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
        loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
        for _epoch in range(15):
            model.train()
            for images, labels in loader:
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(images).squeeze(1), labels).backward()
                optimizer.step()
        model.eval()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    convolutions.__name__ = "convolutions_batch_norm" if _norm else "convolutions_plain"
    case("healthy")(convolutions)


for _optimizer, _options in (
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("RMSprop", {"lr": 0.003}),
    ("AdamW", {"lr": 0.005, "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.05}),
    ("NAdam", {"lr": 0.005}),
    ("RAdam", {"lr": 0.01}),
    ("Adamax", {"lr": 0.01}),
):

    def by_optimizer(seed: int, name: str = _optimizer, options: dict[str, float] = _options) -> None:
        X_train, y_train, X_val, y_val = data("moons", seed)
        model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
        optimizer = getattr(torch.optim, name)(model.parameters(), **options)
        for _epoch in range(25):
            for idx in torch.randperm(600).split(32):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    by_optimizer.__name__ = f"optimizer_{_optimizer.lower()}"
    case("healthy")(by_optimizer)


for _name in ("spambase", "breast_cancer"):

    def weight_decay(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9, weight_decay=5e-3)
        for _epoch in range(15):
            for idx in torch.randperm(len(X_train)).split(32):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    weight_decay.__name__ = f"weight_decay_{_name}"
    case("healthy")(weight_decay)


@case("healthy")
def l1_penalty(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Linear(57, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx])
            loss = loss + 1e-3 * model.weight.abs().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


for _name in ("moons", "breast_cancer", "clouds"):

    def full_batch(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        width = 32 if name == "moons" else 4
        model = nn.Sequential(nn.Linear(X_train.shape[1], width), nn.Tanh(), nn.Linear(width, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
        for _epoch in range(300 if name == "moons" else 80):
            loss = F.binary_cross_entropy_with_logits(model(X_train), y_train.unsqueeze(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val) > 0).float() == y_val.unsqueeze(1)).float().mean().item())

    full_batch.__name__ = f"full_batch_{_name}"
    case("healthy")(full_batch)


for _size, _rate, _epochs in ((8, 0.005, 12), (512, 0.02, 120)):

    def batch_size(seed: int, size: int = _size, rate: float = _rate, epochs: int = _epochs) -> None:
        X_train, y_train, X_val, y_val = data("circles", seed)
        model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        loader = DataLoader(TensorDataset(X_train, y_train), batch_size=size, shuffle=True)
        for _epoch in range(epochs):
            for xb, yb in loader:
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
                optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    batch_size.__name__ = f"batch_size_{_size}"
    case("healthy")(batch_size)


for _name in ("mlc_churn", "hypothyroid", "digit_8"):

    def weighted_sampler(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        counts = torch.bincount(y_train.long())
        sampler = WeightedRandomSampler(1.0 / counts[y_train.long()], num_samples=len(y_train))
        loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, sampler=sampler, drop_last=True)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
        for _epoch in range(8):
            for xb, yb in loader:
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
                optimizer.step()
        with torch.no_grad():
            predicted = model(X_val).squeeze(1) > 0
        print("balanced accuracy", balanced_accuracy_score(y_val.bool().numpy(), predicted.numpy()))

    weighted_sampler.__name__ = f"weighted_sampler_{_name}"
    case("healthy")(weighted_sampler)


@case("healthy")
def summed_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.005, momentum=0.9)
    for _epoch in range(25):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


for _name in ("hypothyroid", "mlc_churn"):

    def tuned_threshold(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        X_fit, y_fit, X_tune, y_tune = X_train[:900], y_train[:900], X_train[900:], y_train[900:]
        model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
        optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
        for _epoch in range(12):
            for idx in torch.randperm(900).split(30):
                optimizer.zero_grad()
                F.binary_cross_entropy(model(X_fit[idx]).squeeze(1), y_fit[idx]).backward()
                optimizer.step()
        with torch.no_grad():
            tune, final = model(X_tune).squeeze(1).numpy(), model(X_val).squeeze(1).numpy()
        grid = np.linspace(0.05, 0.6, 23)
        best = max(grid, key=lambda t: balanced_accuracy_score(y_tune.numpy(), tune > t))
        print("threshold", best, "balanced accuracy", balanced_accuracy_score(y_val.numpy(), final > best))

    tuned_threshold.__name__ = f"tuned_threshold_{_name}"
    case("healthy")(tuned_threshold)


@case("healthy")
def two_inputs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)

    class TwoInputs(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left = nn.Sequential(nn.Linear(10, 8), nn.ReLU())
            self.right = nn.Sequential(nn.Linear(20, 8), nn.ReLU())
            self.head = nn.Linear(16, 1)

        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return self.head(torch.cat([self.left(a), self.right(b)], dim=1)).squeeze(1)

    model = TwoInputs()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    loader = DataLoader(TensorDataset(X_train[:, :10], X_train[:, 10:], y_train), batch_size=32, shuffle=True)
    for _epoch in range(15):
        for a, b, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(a, b), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val[:, :10], X_val[:, 10:]) > 0).float() == y_val).float().mean().item())


for _name in ("moons", "digit_8"):

    def residual_blocks(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)

        class Block(nn.Module):
            def __init__(self, width: int) -> None:
                super().__init__()
                self.norm = nn.LayerNorm(width)
                self.fc1 = nn.Linear(width, width)
                self.fc2 = nn.Linear(width, width)
                nn.init.zeros_(self.fc2.weight)

            def forward(self, x: Tensor) -> Tensor:
                return x + self.fc2(F.relu(self.fc1(self.norm(x))))

        model = nn.Sequential(nn.Linear(X_train.shape[1], 32), Block(32), Block(32), nn.Linear(32, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
        for _epoch in range(10 if name == "digit_8" else 20):
            for idx in torch.randperm(len(X_train)).split(32):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        model.eval()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    residual_blocks.__name__ = f"residual_blocks_{_name}"
    case("healthy")(residual_blocks)


@case("healthy")
def deep_tanh(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    layers: list[nn.Module] = []
    for inputs in (2, 24, 24):
        layers += [nn.Linear(inputs, 24), nn.Tanh()]
        nn.init.xavier_uniform_(layers[-2].weight)
    model = nn.Sequential(*layers, nn.Linear(24, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _epoch in range(20):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


for _name in ("moons", "circles"):

    def six_layers_he(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        layers: list[nn.Module] = []
        for inputs in (X_train.shape[1], 32, 32, 32, 32):
            linear = nn.Linear(inputs, 32)
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
            nn.init.zeros_(linear.bias)
            layers += [linear, nn.ReLU()]
        model = nn.Sequential(*layers, nn.Linear(32, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        for _epoch in range(25):
            for idx in torch.randperm(600).split(32):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    six_layers_he.__name__ = f"six_layers_he_{_name}"
    case("healthy")(six_layers_he)


@case("healthy")
def two_optimizers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    body = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
    head = nn.Linear(16, 1)
    body_optimizer = torch.optim.Adam(body.parameters(), lr=0.003)
    head_optimizer = torch.optim.SGD(head.parameters(), lr=0.05, momentum=0.9)
    for _epoch in range(25):
        for idx in torch.randperm(600).split(32):
            body_optimizer.zero_grad()
            head_optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(head(body(X_train[idx])).squeeze(1), y_train[idx]).backward()
            body_optimizer.step()
            head_optimizer.step()
    with torch.no_grad():
        print("accuracy", ((head(body(X_val)).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def averaged_weights_healthy(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    average = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    average.load_state_dict(model.state_dict())
    average.requires_grad_(False)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _epoch in range(12):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
            with torch.no_grad():
                for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
                    slow.mul_(0.98).add_(fast, alpha=0.02)
    with torch.no_grad():
        print("accuracy", ((average(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


for _name in ("moons", "spambase"):

    def mixup(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 48), nn.ReLU(), nn.Linear(48, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
        for _epoch in range(25 if name == "moons" else 12):
            for idx in torch.randperm(len(X_train)).split(32):
                share = np.random.beta(0.2, 0.2)
                other = idx[torch.randperm(len(idx))]
                xb = share * X_train[idx] + (1 - share) * X_train[other]
                yb = share * y_train[idx] + (1 - share) * y_train[other]
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
                optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())

    mixup.__name__ = f"mixup_{_name}"
    case("healthy")(mixup)


@case("healthy")
def noise_augmentation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _epoch in range(15):
        for idx in torch.randperm(len(X_train)).split(32):
            noisy = X_train[idx] + 0.1 * torch.randn(len(idx), 64)
            optimizer.zero_grad()
            F.cross_entropy(model(noisy), y_train[idx].long()).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).softmax(dim=1)[:, 1].gt(0.5).float() == y_val).float().mean().item())


@case("healthy")
def several_models_in_turn(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    for width in (16, 32, 48):
        model = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
        for _epoch in range(25):
            for idx in torch.randperm(600).split(64):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                optimizer.step()
        with torch.no_grad():
            print(width, "accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


for _name in ("breast_cancer", "circles"):

    def cross_validation(seed: int, name: str = _name) -> None:
        X, y, _, _ = data(name, seed)
        accuracies = []
        for train, test in StratifiedKFold(4, shuffle=True, random_state=seed).split(X.numpy(), y.numpy()):
            model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
            optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
            loader = DataLoader(TensorDataset(X[train], y[train]), batch_size=32, shuffle=True)
            for _epoch in range(8 if name == "breast_cancer" else 15):
                for xb, yb in loader:
                    optimizer.zero_grad()
                    F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
                    optimizer.step()
            with torch.no_grad():
                accuracies.append(((model(X[test]).squeeze(1) > 0).float() == y[test]).float().mean().item())
        print("accuracy", np.mean(accuracies))

    cross_validation.__name__ = f"cross_validation_{_name}"
    case("healthy")(cross_validation)


@case("healthy")
def double_precision(seed: int) -> None:
    X_train, y_train, X_val, y_val = (part.double() for part in data("moons", seed))
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1)).double()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(25):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0) == y_val.bool()).double().mean().item())


@case("healthy")
def column_labels(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    y_train, y_val = y_train.reshape(-1, 1), y_val.reshape(-1, 1)
    model = nn.Sequential(nn.Linear(57, 24), nn.LeakyReLU(), nn.Linear(24, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(12):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    hits = total = 0
    with torch.no_grad():
        for xb, yb in DataLoader(TensorDataset(X_val, y_val), batch_size=100):
            hits += (torch.sigmoid(model(xb)).round() == yb).sum().item()
            total += yb.numel()
    print("accuracy", hits / total)


@case("healthy")
def weight_per_row(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    weights = torch.where(y_train == 1, 1.7, 0.7)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    for _epoch in range(12):
        for idx in torch.randperm(len(X_train)).split(32):
            logits = model(X_train[idx]).squeeze(1)
            losses = F.binary_cross_entropy_with_logits(logits, y_train[idx], reduction="none")
            loss = (weights[idx] * losses).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        predicted = model(X_val).squeeze(1) > 0
    print("balanced accuracy", balanced_accuracy_score(y_val.bool().numpy(), predicted.numpy()))


for _name in ("moons", "breast_cancer"):

    def squared_error_on_probabilities(seed: int, name: str = _name) -> None:
        X_train, y_train, X_val, y_val = data(name, seed)
        model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid(), nn.Flatten(0))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _epoch in range(20):
            for idx in torch.randperm(len(X_train)).split(32):
                optimizer.zero_grad()
                F.mse_loss(model(X_train[idx]), y_train[idx]).backward()
                optimizer.step()
        with torch.no_grad():
            print("accuracy", ((model(X_val) > 0.5).float() == y_val).float().mean().item())

    squared_error_on_probabilities.__name__ = f"squared_error_{_name}"
    case("healthy")(squared_error_on_probabilities)


@case("healthy")
def probabilities_only_in_eval(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(2, 32)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            z = self.out(F.silu(self.hidden(x))).squeeze(-1)
            return z if self.training else torch.sigmoid(z)

    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _epoch in range(20):
        net.train()
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            accuracy = ((net(X_val) > 0.5).float() == y_val).float().mean().item()
    print("accuracy", accuracy)
