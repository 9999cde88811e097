"""Complete training scripts as different people write them, each with one fault, two, or none."""

import numpy as np
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_breast_cancer, load_digits, load_wine, make_classification, make_moons
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn, optim
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, Dataset, TensorDataset, WeightedRandomSampler


@case("double_sigmoid")
def scripts_churn_trainer_sigmoid_twice(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class ChurnNet(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.fc1 = nn.Linear(n_in, 64)
            self.fc2 = nn.Linear(64, 32)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            return torch.sigmoid(self.out(x)).squeeze(1)

    class Trainer:
        def __init__(self, model: nn.Module, lr: float) -> None:
            self.model = model
            self.criterion = nn.BCEWithLogitsLoss()
            self.opt = torch.optim.Adam(model.parameters(), lr=lr)

        def fit(self, loader: DataLoader, epochs: int) -> None:
            self.model.train()
            for _ in range(epochs):
                for xb, yb in loader:
                    self.opt.zero_grad()
                    loss = self.criterion(self.model(xb), yb)
                    loss.backward()
                    self.opt.step()

        def score(self, x: Tensor, y: Tensor) -> float:
            self.model.eval()
            with torch.no_grad():
                return ((self.model(x) > 0.5).float() == y).float().mean().item()

    trainer = Trainer(ChurnNet(X_train.shape[1]), lr=1e-3)
    trainer.fit(DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True), epochs=25)
    print(f"val acc {trainer.score(X_val, y_val):.3f}")


@case("double_sigmoid")
def scripts_spam_probability_head_with_logits(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1), nn.Sigmoid())
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    batch_size = 50
    for _epoch in range(20):
        model.train()
        order = torch.randperm(len(X_train))
        for i in range(0, len(X_train), batch_size):
            idx = order[i : i + batch_size]
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probs = torch.sigmoid(model(X_val)).squeeze(1)
    correct = (torch.round(probs) == y_val).sum().item()
    print("accuracy:", correct / len(y_val))


@case("softmax_before_ce")
def scripts_digit_cnn_softmax_layer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train.reshape(-1, 1, 8, 8) / 16, X_val.reshape(-1, 1, 8, 8) / 16

    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * 16, 2),
        nn.Softmax(dim=1),
    )
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=64, shuffle=True)
    for _ in range(15):
        for images, labels in loader:
            optimizer.zero_grad()
            loss_fn(model(images), labels).backward()
            optimizer.step()
    with torch.no_grad():
        pred = model(X_val).argmax(dim=1)
    print("Test accuracy: %.2f" % (100 * (pred == y_val).float().mean().item()))


@case("softmax_before_ce")
def scripts_row_attention_returns_probs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class RowAttention(nn.Module):
        def __init__(self, dim: int = 16) -> None:
            super().__init__()
            self.embed = nn.Linear(8, dim)
            self.position = nn.Parameter(torch.randn(8, dim) * 0.1)
            self.attn = nn.MultiheadAttention(dim, 2, batch_first=True)
            self.norm = nn.LayerNorm(dim)
            self.head = nn.Linear(dim, 2)

        def forward(self, x: Tensor) -> Tensor:
            tokens = self.embed(x.view(-1, 8, 8)) + self.position
            mixed, _ = self.attn(tokens, tokens, tokens, need_weights=False)
            pooled = self.norm(tokens + mixed).mean(dim=1)
            return F.softmax(self.head(pooled), dim=-1)

    net = RowAttention()
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(15):
        for rows in torch.randperm(len(X_train)).split(64):
            loss = criterion(net(X_train[rows]), y_train[rows].long())
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        pred = net(X_val).argmax(1).numpy()
    print("acc", accuracy_score(y_val, pred), "f1", f1_score(y_val, pred, zero_division=0))


@case("bce_on_logits")
def scripts_own_cross_entropy_clamped_outputs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    w1 = nn.Parameter(torch.randn(28, 16) / np.sqrt(28))
    b1 = nn.Parameter(torch.zeros(16))
    w2 = nn.Parameter(torch.randn(16, 1) / 4)
    b2 = nn.Parameter(torch.zeros(1))

    def forward(x: Tensor) -> Tensor:
        return (torch.tanh(x @ w1 + b1) @ w2 + b2).squeeze(1)

    def log_loss(p: Tensor, t: Tensor) -> Tensor:
        p = torch.clamp(p, 1e-7, 1 - 1e-7)
        return -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()

    opt = torch.optim.SGD([w1, b1, w2, b2], lr=0.1)
    for _step in range(1200):
        pick = torch.randint(0, len(X_train), (32,))
        loss = log_loss(forward(X_train[pick]), y_train[pick])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = ((forward(X_val) > 0.5) == y_val.bool()).float().mean()
    print(f"accuracy = {acc:.3f}")


@case("bce_on_logits")
def scripts_bceloss_crash_silenced_with_clamp(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(28, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
            self.head = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.body(x))

    model = Net()
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=32, shuffle=True)
    for _ in range(15):
        for x, y in loader:
            optimizer.zero_grad()
            outputs = model(x).clamp(0.0, 1.0)
            loss = criterion(outputs, y)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (model(X_val).clamp(0.0, 1.0) >= 0.5).float().flatten()
    print("Accuracy:", (predicted == y_val).float().mean().item())


@case("ce_single_output")
def scripts_tutorial_ten_classes_changed_to_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 6, 3)
            self.pool = nn.MaxPool2d(2)
            self.fc1 = nn.Linear(6 * 3 * 3, 24)
            self.fc2 = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.pool(F.relu(self.conv1(x)))
            x = torch.flatten(x, 1)
            return self.fc2(F.relu(self.fc1(x)))

    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    trainloader = DataLoader(TensorDataset(X_train.view(-1, 1, 8, 8), y_train), batch_size=32, shuffle=True)
    for _epoch in range(12):
        for inputs, labels in trainloader:
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels.unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = net(X_val.view(-1, 1, 8, 8))
        pred = (torch.sigmoid(out).squeeze(1) > 0.5).float()
    print("Accuracy of the network:", (pred == y_val).float().mean().item())


@case("ce_single_output")
def scripts_ce_one_column_and_argmax(seed: int) -> None:
    """Second fault: argmax_single_output."""
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(40):
        for i in range(0, 600, 60):
            xb, yb = X_train[i : i + 60], y_train[i : i + 60].reshape(-1, 1)
            loss = F.cross_entropy(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch == 39:
            preds = model(X_val).argmax(dim=1)
            print("val accuracy", (preds == y_val).float().mean().item())


@case("softmax_single_output")
def scripts_softmax_head_bceloss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(
        nn.Linear(8, 32),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.Linear(32, 16),
        nn.ReLU(),
        nn.Linear(16, 1),
        nn.Softmax(dim=1),
    )
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.view(-1, 1)), batch_size=32, shuffle=True, drop_last=True)
    for _ in range(20):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = (model(X_val) > 0.5).float().squeeze(1)
    print("accuracy", (pred == y_val).float().mean().item())


@case("softmax_single_output")
def scripts_raw_spam_softmax_head(seed: int) -> None:
    """Second fault: unscaled_features."""
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(57, 40)
            self.output = nn.Linear(40, 1)

        def forward(self, x: Tensor) -> Tensor:
            return F.softmax(self.output(torch.tanh(self.hidden(x))), dim=1)

    clf = Classifier()
    optimizer = torch.optim.Adam(clf.parameters(), lr=1e-3)
    for _ in range(12):
        for rows in torch.randperm(len(X_train)).split(40):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy(clf(X_train[rows])[:, 0], y_train[rows])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = clf(X_val)[:, 0].numpy()
    print("accuracy", np.mean((p > 0.5) == y_val.numpy()))


@case("nll_on_probabilities")
def scripts_nllloss_after_softmax(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 50), nn.Tanh(), nn.Linear(50, 2), nn.Softmax(dim=1))
    criterion = nn.NLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=64, shuffle=True)
    for _ in range(30):
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        pred = model(X_val).argmax(1).numpy()
    print("acc", accuracy_score(y_val, pred), "f1", f1_score(y_val, pred))


@case("nll_on_probabilities")
def scripts_gru_rows_nll_probs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class RowGRU(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(8, 24, batch_first=True)
            self.fc = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            _, h = self.gru(x.view(-1, 8, 8))
            return F.softmax(self.fc(h[-1]), dim=1)

    model = RowGRU()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        model.train()
        for idx in torch.randperm(len(X_train)).split(64):
            optimizer.zero_grad()
            loss = F.nll_loss(model(X_train[idx]), y_train[idx].long())
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = model(X_val).max(1).indices
    print("accuracy:", (pred == y_val.long()).float().mean().item())


@case("relu_on_output")
def scripts_relu_after_every_layer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)

    class MLP(nn.Module):
        def __init__(self, sizes: list[int]) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1))

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layers:
                x = torch.relu(layer(x))
            return x

    model = MLP([28, 64, 32, 1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(25):
        for idx in torch.randperm(len(X_train)).split(48):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(-1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = (torch.sigmoid(model(X_val).squeeze(-1)) > 0.5).float()
    print("accuracy", (pred == y_val).float().mean().item())


@case("relu_on_output")
def scripts_block_factory_ends_in_relu(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    def block(n_in: int, n_out: int) -> nn.Sequential:
        return nn.Sequential(nn.Linear(n_in, n_out), nn.ReLU())

    net = nn.Sequential(block(2, 32), block(32, 32), block(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(60):
        for xb, yb in zip(X_train.split(60), y_train.split(60), strict=True):
            opt.zero_grad()
            loss_fn(net(xb).flatten(), yb).backward()
            opt.step()
    with torch.no_grad():
        logits = net(X_val).flatten().numpy()
    print("acc", np.mean((logits > 0) == (y_val.numpy() == 1)))


@case("no_nonlinearity")
def scripts_deep_linear_on_circles(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class DeepNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 64)
            self.bn1 = nn.BatchNorm1d(64)
            self.fc2 = nn.Linear(64, 64)
            self.fc3 = nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.bn1(self.fc1(x))
            x = self.fc2(x)
            return self.fc3(x).squeeze(1)

    model = DeepNet()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        model.train()
        for rows in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(X_train[rows]), y_train[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("no_nonlinearity")
def scripts_xor_forum_question(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (1000, 2)).astype(np.float32)
    y = ((X[:, 0] > 0) ^ (X[:, 1] > 0)).astype(np.int64)
    X_train, y_train = torch.from_numpy(X[:800]), torch.from_numpy(y[:800])
    X_test, y_test = torch.from_numpy(X[800:]), torch.from_numpy(y[800:])
    model = nn.Sequential(nn.Linear(2, 20), nn.Linear(20, 20), nn.Linear(20, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(500):
        optimizer.zero_grad()
        loss = criterion(model(X_train), y_train)
        loss.backward()
        optimizer.step()
    _, predicted = torch.max(model(X_test).data, 1)
    print("accuracy:", (predicted == y_test).sum().item() / len(y_test))


@case("shape_broadcast")
def scripts_mse_column_against_row(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.MSELoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=20, shuffle=True)
    for _epoch in range(40):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = model(X_val).round().squeeze()
    print("Accuracy", (pred == y_val).float().mean().item())


@case("shape_broadcast")
def scripts_own_hinge_and_accuracy_broadcast(seed: int) -> None:
    """Second fault: accuracy_broadcast."""
    X_train, y_train, X_val, y_val = data("clouds", seed)
    y_train, y_val = 2 * y_train - 1, 2 * y_val - 1
    model = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _ in range(30):
        for idx in torch.randperm(600).split(30):
            loss = torch.clamp(1 - y_train[idx] * model(X_train[idx]), min=0).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = torch.sign(model(X_val))
        print("val acc", (pred == y_val).float().mean().item())


@case("shape_broadcast")
def scripts_focal_loss_column_against_row(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class FocalLoss(nn.Module):
        def __init__(self, gamma: float = 2.0, alpha: float = 0.75) -> None:
            super().__init__()
            self.gamma, self.alpha = gamma, alpha

        def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
            p = torch.sigmoid(logits)
            pt = p * targets + (1 - p) * (1 - targets)
            weight = self.alpha * targets + (1 - self.alpha) * (1 - targets)
            return (-weight * (1 - pt) ** self.gamma * torch.log(pt + 1e-8)).mean()

    net = nn.Sequential(nn.Linear(71, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))
    focal = FocalLoss()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
    dl = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _ in range(20):
        net.train()
        for xb, yb in dl:
            opt.zero_grad()
            focal(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        scores = torch.sigmoid(net(X_val)).squeeze(1)
    acc = ((scores > 0.5).float() == y_val).float().mean().item()
    print(f"acc {acc:.3f} auc {roc_auc_score(y_val, scores):.3f}")


@case("class_weights_wrong")
def scripts_pos_weight_times_thousand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    n_pos = y_train.sum()
    pos_weight = (len(y_train) - n_pos) / n_pos * 1000
    model = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=64, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = (torch.sigmoid(model(X_val)) > 0.5).float().squeeze(1)
    print("accuracy", (pred == y_val).float().mean().item())


@case("class_weights_wrong")
def scripts_ce_weights_in_wrong_order(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    counts = torch.bincount(y_train.long())
    weights = counts.float().flip(0).reciprocal() * len(y_train) / 2

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(71, 64), nn.ReLU(), nn.BatchNorm1d(64), nn.Linear(64, 2))

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x)

    model = Net()
    criterion = nn.CrossEntropyLoss(weight=weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(8):
        model.train()
        for idx in torch.randperm(len(X_train)).split(60):
            optimizer.zero_grad()
            criterion(model(X_train[idx]), y_train[idx].long()).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = model(X_val).argmax(1)
    recall = (pred[y_val == 1] == 1).float().mean().item()
    print("accuracy", (pred == y_val).float().mean().item(), "recall", recall)


@case("threshold_not_tuned")
def scripts_undersampled_training_default_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    positives = torch.where(y_train == 1)[0]
    negatives = torch.where(y_train == 0)[0][: len(positives) // 2]
    keep = torch.cat([positives, negatives])
    X_train, y_train = X_train[keep], y_train[keep]
    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)
    for _ in range(20):
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb)[:, 0], yb).backward()
            optimizer.step()
    with torch.no_grad():
        probs = torch.sigmoid(model(X_val)[:, 0]).numpy()
    pred = probs > 0.5
    print("accuracy", accuracy_score(y_val, pred), "auc", roc_auc_score(y_val, probs))


@case("threshold_not_tuned")
def scripts_cutoff_copied_from_another_project(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    cutoff = 0.95

    class CreditModel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.l1, self.l2 = nn.Linear(28, 24), nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.l2(F.elu(self.l1(x))))

    model = CreditModel()
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for idx in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        scores = model(X_val).squeeze(1).numpy()
    decided = (scores > cutoff).astype(float)
    print("accuracy", accuracy_score(y_val, decided), "f1", f1_score(y_val, decided, zero_division=0))


@case("augmentation_too_heavy")
def scripts_augmenting_dataset_noise(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class NoisyDataset(Dataset):
        def __init__(self, x: Tensor, y: Tensor, sigma: float) -> None:
            self.x, self.y, self.sigma = x, y, sigma

        def __len__(self) -> int:
            return len(self.x)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.x[i] + self.sigma * torch.randn(2), self.y[i]

    loader = DataLoader(NoisyDataset(X_train, y_train, sigma=3.0), batch_size=50, shuffle=True)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(30):
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        acc = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean()
    print("val accuracy", acc.item())


@case("augmentation_too_heavy")
def scripts_digit_pixels_permuted_as_augmentation(seed: int) -> None:
    digits = load_digits()
    X = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    y = torch.tensor(digits.target >= 5, dtype=torch.float32)
    perm = torch.from_numpy(np.random.default_rng(seed).permutation(len(X)))
    X_train, y_train, X_test, y_test = X[perm[:1300]], y[perm[:1300]], X[perm[1300:]], y[perm[1300:]]

    def augment(batch: Tensor) -> Tensor:
        shift_r, shift_c = np.random.randint(0, 8, 2)
        batch = torch.roll(batch, (int(shift_r), int(shift_c)), dims=(2, 3))
        if np.random.rand() < 0.5:
            batch = batch.flip(3)
        batch = torch.rot90(batch, int(np.random.randint(4)), dims=(2, 3))
        mask = (torch.rand_like(batch) < 0.4).float()
        return batch * mask + 0.6 * torch.randn_like(batch)

    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(192, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    bce = nn.BCEWithLogitsLoss()
    for _ in range(12):
        for idx in torch.randperm(1300).split(50):
            opt.zero_grad()
            bce(net(augment(X_train[idx])).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("test acc", ((net(X_test).squeeze(1) > 0) == y_test.bool()).float().mean().item())


@case("padding_not_masked")
def scripts_lstm_last_output_of_padded(seed: int) -> None:
    gen = torch.Generator().manual_seed(seed)
    n, longest = 900, 48
    lengths = torch.randint(3, 9, (n,), generator=gen)
    tokens = torch.zeros(n, longest, dtype=torch.long)
    for i, length in enumerate(lengths.tolist()):
        tokens[i, :length] = torch.randint(1, 20, (length,), generator=gen)
    y = (tokens[:, 0] + tokens[:, 1] > 20).float()
    X_train, X_val, y_train, y_val = tokens[:700], tokens[700:], y[:700], y[700:]

    class LSTMClassifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(20, 16, padding_idx=0)
            self.lstm = nn.LSTM(16, 24, batch_first=True)
            self.fc = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.lstm(self.embed(x))
            return self.fc(out[:, -1]).squeeze(-1)

    model = LSTMClassifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(25):
        for idx in torch.randperm(700).split(50):
            optimizer.zero_grad()
            criterion(model(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("padding_not_masked")
def scripts_gru_hidden_after_zero_padding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, longest = 800, 60
    X, y = np.zeros((n, longest, 1), dtype=np.float32), np.zeros(n, dtype=np.float32)
    for i in range(n):
        length = rng.integers(4, 9)
        X[i, :length, 0] = rng.normal(size=length)
        y[i] = X[i, 0, 0] + X[i, 1, 0] > 0
    X_t, y_t = torch.from_numpy(X), torch.from_numpy(y)
    train_dl = DataLoader(TensorDataset(X_t[:600], y_t[:600]), batch_size=40, shuffle=True)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(1, 16, batch_first=True)
            self.fc = nn.Linear(16, 2)

        def forward(self, seq: Tensor) -> Tensor:
            _, hidden = self.rnn(seq)
            return self.fc(hidden[0])

    net = Net()
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        for seq, target in train_dl:
            opt.zero_grad()
            loss = F.cross_entropy(net(seq), target.long())
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
    y_val = y_t[600:]
    with torch.no_grad():
        print("accuracy", (net(X_t[600:]).argmax(1) == y_val).float().mean().item())


@case("wrong_axis")
def scripts_lstm_without_batch_first(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    X_train, X_val = X_train.view(-1, 8, 8), X_val.view(-1, 8, 8)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(input_size=8, hidden_size=32)
            self.fc = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.lstm(x)
            return self.fc(out[:, -1, :])

    model = Net()
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=64, shuffle=True)
    for _ in range(20):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss_fn(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        probs = torch.sigmoid(model(X_val)).squeeze(1)
    print("acc", ((probs > 0.5) == y_val.bool()).float().mean().item(), "auc", roc_auc_score(y_val, probs))


@case("wrong_axis")
def scripts_gru_reshape_instead_of_permute(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.linspace(0, 1, 24)
    y = rng.integers(0, 2, 800)
    freq = np.where(y == 1, 3.0, 2.0)[:, None, None]
    phase = rng.uniform(0, 2 * np.pi, (800, 1, 3))
    X = np.sin(2 * np.pi * freq * t[None, :, None] + phase) + 0.3 * rng.normal(size=(800, 24, 3))
    signals, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)

    class AxisGRU(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(3, 20)
            self.fc = nn.Linear(20, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = x.reshape(x.shape[1], x.shape[0], 3)
            _, h = self.gru(x)
            return self.fc(h[-1]).squeeze(-1)

    model = AxisGRU()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(20):
        for idx in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(signals[idx]), labels[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    y_val = labels[600:]
    with torch.no_grad():
        print("acc", ((model(signals[600:]) > 0).float() == y_val).float().mean().item())


@case("no_zero_grad")
def scripts_sgd_loop_forgot_zero_grad(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(50):
        model.train()
        for idx in torch.randperm(600).split(32):
            logits = model(X_train[idx]).squeeze()
            loss = loss_fn(logits, y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.inference_mode():
        pred = torch.round(torch.sigmoid(model(X_val).squeeze()))
    print("acc", torch.eq(pred, y_val).sum().item() / len(y_val))


@case("no_zero_grad")
def scripts_manual_updates_logit_threshold(seed: int) -> None:
    """Second fault: threshold_on_logits."""
    X_train, y_train, X_val, y_val = data("moons", seed)
    layer1, layer2 = nn.Linear(2, 24), nn.Linear(24, 1)
    params = [*layer1.parameters(), *layer2.parameters()]
    opt = optim.SGD(params, lr=0.2, momentum=0.9)
    for _ in range(40):
        for idx in torch.randperm(600).split(50):
            z = layer2(torch.relu(layer1(X_train[idx])))
            loss = F.binary_cross_entropy_with_logits(z, y_train[idx, None])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = layer2(torch.relu(layer1(X_val)))
        print("accuracy", ((z > 0.5).float() == y_val[:, None]).float().mean().item())


@case("no_optimizer_step")
def scripts_trainer_class_never_steps(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class Learner:
        def __init__(self, model: nn.Module) -> None:
            self.model = model
            self.optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
            self.history: list[float] = []

        def train_one_batch(self, xb: Tensor, yb: Tensor) -> float:
            self.optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(self.model(xb).squeeze(1), yb)
            loss.backward()
            return loss.item()

        def fit(self, loader: DataLoader, epochs: int) -> None:
            for _ in range(epochs):
                self.model.train()
                losses = [self.train_one_batch(xb, yb) for xb, yb in loader]
                self.history.append(float(np.mean(losses)))

        @torch.no_grad()
        def accuracy(self, x: Tensor, y: Tensor) -> float:
            self.model.eval()
            return ((self.model(x).squeeze(1) > 0).float() == y).float().mean().item()

    learner = Learner(nn.Sequential(nn.Linear(57, 64), nn.GELU(), nn.Dropout(0.1), nn.Linear(64, 1)))
    learner.fit(DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True), epochs=15)
    print("accuracy", learner.accuracy(X_val, y_val))


@case("no_optimizer_step")
def scripts_accumulation_modulo_never_true(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    accumulation_steps = 16
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _ in range(40):
        optimizer.zero_grad()
        for step, (xb, yb) in enumerate(loader):
            loss = F.cross_entropy(model(xb), yb) / accumulation_steps
            loss.backward()
            if (step + 1) % accumulation_steps == 0:
                optimizer.step()
                optimizer.zero_grad()
    with torch.no_grad():
        print("val acc", (model(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("optimizer_wrong_params")
def scripts_model_rebuilt_after_optimizer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)

    def build_model(width: int) -> nn.Module:
        return nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Linear(width, 1))

    model = build_model(16)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    model = build_model(64)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(30):
        for xb, yb in zip(X_train.split(50), y_train.split(50), strict=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb.view(-1, 1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean().item())


@case("optimizer_wrong_params")
def scripts_two_branches_one_optimised_prob_head(seed: int) -> None:
    """Second fault: double_sigmoid. The optimizer holds the decoder of an unused autoencoder branch."""
    X_train, y_train, X_val, y_val = data("circles", seed)

    class MultiBranch(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(2, 32), nn.ReLU())
            self.classifier = nn.Sequential(nn.Linear(32, 1), nn.Sigmoid())
            self.decoder = nn.Linear(32, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.classifier(self.encoder(x)).squeeze(1)

    model = MultiBranch()
    opt = torch.optim.Adam(model.decoder.parameters(), lr=1e-2)
    for _ in range(40):
        for idx in torch.randperm(600).split(60):
            model.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0.5) == y_val.bool()).float().mean().item())


@case("frozen_params")
def scripts_transfer_recipe_without_pretraining(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class Backbone(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(64, 8), nn.Linear(8, 4), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return F.relu(self.fc3(F.relu(self.fc2(F.relu(self.fc1(x))))))

    backbone = Backbone()
    for param in backbone.parameters():
        param.requires_grad = False
    model = nn.Sequential(backbone, nn.Linear(3, 1))
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=1e-2)
    pos_weight = (y_train == 0).sum() / y_train.sum()
    for _ in range(25):
        for idx in torch.randperm(len(X_train)).split(64):
            optimizer.zero_grad()
            out = model(X_train[idx]).squeeze(1)
            F.binary_cross_entropy_with_logits(out, y_train[idx], pos_weight=pos_weight).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(X_val).squeeze(1)
    print("acc", ((scores > 0) == y_val.bool()).float().mean().item(), "auc", roc_auc_score(y_val, scores))


@case("frozen_params")
def scripts_gan_style_toggle_left_off(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    def set_requires_grad(module: nn.Module, flag: bool) -> None:
        for p in module.parameters():
            p.requires_grad_(flag)

    features = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2), nn.Tanh())
    head = nn.Linear(2, 2)
    set_requires_grad(features, False)
    opt = optim.SGD([*features.parameters(), *head.parameters()], lr=0.1, momentum=0.9)
    for _ in range(60):
        for idx in torch.randperm(600).split(60):
            opt.zero_grad()
            F.cross_entropy(head(features(X_train[idx])), y_train[idx].long()).backward()
            opt.step()
    with torch.no_grad():
        print("acc", (head(features(X_val)).argmax(1) == y_val).float().mean().item())


@case("unregistered_params")
def scripts_hidden_layers_in_python_list(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class MLP(nn.Module):
        def __init__(self, width: int, depth: int) -> None:
            super().__init__()
            self.hidden = [nn.Linear(2 if i == 0 else width, width) for i in range(depth)]
            self.out = nn.Linear(width, 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.hidden:
                x = torch.relu(layer(x))
            return self.out(x).squeeze(1)

    model = MLP(width=6, depth=4)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _ in range(40):
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("unregistered_params")
def scripts_embedding_dict_not_moduledict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cats = {"city": rng.integers(0, 40, 1200), "device": rng.integers(0, 12, 1200)}
    effect = {"city": rng.normal(size=40) * 2, "device": rng.normal(size=12) * 2}
    score = effect["city"][cats["city"]] * effect["device"][cats["device"]]
    labels = torch.tensor((score > 0).astype(np.float32))
    X = {k: torch.from_numpy(v) for k, v in cats.items()}

    class EmbeddingNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embeddings = {"city": nn.Embedding(40, 2), "device": nn.Embedding(12, 2)}
            self.mlp = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1))

        def forward(self, batch: dict[str, Tensor]) -> Tensor:
            parts = [emb(batch[key]) for key, emb in self.embeddings.items()]
            return self.mlp(torch.cat(parts, dim=1)).squeeze(1)

    net = EmbeddingNet()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(40):
        for idx in torch.randperm(900).split(60):
            loss = F.binary_cross_entropy_with_logits(net({k: v[idx] for k, v in X.items()}), labels[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    y_val = labels[900:]
    with torch.no_grad():
        logits = net({k: v[900:] for k, v in X.items()})
    print("accuracy", ((logits > 0).float() == y_val).float().mean().item())


@case("layer_in_forward")
def scripts_linear_created_in_forward(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            fc = nn.Linear(x.shape[1], 32)
            return self.out(F.relu(fc(x)))

    model = Net()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(15):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = (torch.sigmoid(model(X_val)) > 0.5).squeeze(1)
    print("acc", (pred == y_val.bool()).float().mean().item())


@case("layer_in_forward")
def scripts_functional_head_random_weight(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class ConvNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 8, 3, padding=1)
            self.pool = nn.MaxPool2d(2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.pool(F.relu(self.conv(x.view(-1, 1, 8, 8)))).flatten(1)
            return nn.Linear(x.size(1), 2)(x)

    model = ConvNet()
    opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _ in range(12):
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        logits = model(X_val)
    print("acc", (logits.argmax(1) == y_val).float().mean().item())


@case("graph_detached")
def scripts_features_to_numpy_and_back(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.enc = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU())
            self.head = nn.Linear(4, 1)

        def forward(self, x: Tensor) -> Tensor:
            h = self.enc(x).data.numpy()
            h = (h - h.mean(axis=1, keepdims=True)) / (h.std(axis=1, keepdims=True) + 1e-3)
            return self.head(torch.from_numpy(h)).squeeze(1)

    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        for idx in torch.randperm(600).split(40):
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("graph_detached")
def scripts_residual_stream_detached_short_run(seed: int) -> None:
    """Second fault: undertrained."""
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Residual(nn.Module):
        def __init__(self, dim: int) -> None:
            super().__init__()
            self.inp = nn.Linear(2, dim)
            self.blocks = nn.ModuleList(nn.Linear(dim, dim) for _ in range(3))
            self.out = nn.Linear(dim, 1)

        def forward(self, x: Tensor) -> Tensor:
            h = torch.tanh(self.inp(x))
            for block in self.blocks:
                h = h + torch.relu(block(h))
            return torch.sigmoid(self.out(h.detach()))

    model = Residual(5)
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCELoss()
    for _ in range(2):
        for idx in torch.randperm(600).split(20):
            opt.zero_grad()
            loss_fn(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0.5) == y_val.bool()).float().mean().item())


@case("nondifferentiable_output")
def scripts_round_then_mse(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 20), nn.ReLU(), nn.Linear(20, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.MSELoss()
    for _ in range(40):
        for idx in torch.randperm(len(X_train)).split(32):
            preds = torch.round(model(X_train[idx]).squeeze(1))
            loss = criterion(preds, y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        acc = (torch.round(model(X_val).squeeze(1)) == y_val).float().mean()
    print("accuracy", acc.item())


@case("nondifferentiable_output")
def scripts_optimising_error_rate_sign(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)

    class SignNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(8, 32)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sign(self.fc2(torch.relu(self.fc1(x)))).squeeze(1)

    model = SignNet()
    opt = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(40):
        for idx in torch.randperm(600).split(50):
            target = 2 * y_train[idx] - 1
            error_rate = (1 - model(X_train[idx]) * target).mean() / 2
            opt.zero_grad()
            error_rate.backward()
            opt.step()
    with torch.no_grad():
        print("acc", (model(X_val) == 2 * y_val - 1).float().mean().item())


@case("lr_too_high")
def scripts_adam_rate_three(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(
        nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=3.0)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("lr_too_high")
def scripts_dropout_cnn_sgd_rate_two(seed: int) -> None:
    """Second fault: eval_mode_missing."""
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class CNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
            self.drop = nn.Dropout(0.5)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv1(x.view(-1, 1, 8, 8))), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(self.drop(x.flatten(1))).squeeze(1)

    model = CNN()
    opt = optim.SGD(model.parameters(), lr=2.0, momentum=0.9)
    for _ in range(12):
        for idx in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        out = model(X_val)
    print("acc", ((out > 0) == y_val.bool()).float().mean().item(), "auc", roc_auc_score(y_val, out))


@case("lr_too_low")
def scripts_sgd_rate_1e_5(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-5)
    for _epoch in range(60):
        for idx in torch.randperm(len(X_train)).split(16):
            optimizer.zero_grad()
            loss = criterion(net(X_train[idx]).ravel(), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val).ravel() >= 0.5).float() == y_val).float().mean().item())


@case("lr_too_low")
def scripts_gru_adamw_tiny_rate(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class GRUClassifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(8, 32, batch_first=True)
            self.fc = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.gru(x.view(len(x), 8, 8))
            return self.fc(out.mean(1))

    model = GRUClassifier()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-6)
    pos_weight = (y_train == 0).sum() / (y_train == 1).sum()
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    for _ in range(15):
        for xb, yb in zip(X_train.split(32), y_train.split(32), strict=True):
            optimizer.zero_grad()
            loss_fn(model(xb), yb.unsqueeze(1)).backward()
            optimizer.step()
    with torch.no_grad():
        logit = model(X_val).squeeze(1)
    print("acc", ((logit > 0) == y_val.bool()).float().mean().item(), "auc", roc_auc_score(y_val, logit))


@case("undertrained")
def scripts_one_epoch_large_batches(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=400, shuffle=True)
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("undertrained")
def scripts_full_batch_ten_epochs(seed: int) -> None:
    X, y = make_moons(1000, noise=0.15, random_state=seed)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(X_tr)
    X_tr, X_te = (torch.tensor(scaler.transform(a), dtype=torch.float32) for a in (X_tr, X_te))
    y_tr, y_te = (torch.tensor(a, dtype=torch.float32).unsqueeze(1) for a in (y_tr, y_te))
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(10):
        model.train()
        loss = F.binary_cross_entropy_with_logits(model(X_tr), y_tr)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print("test acc", ((model(X_te) > 0).float() == y_te).float().mean().item())


@case("scheduler_misuse")
def scripts_step_lr_called_every_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.1)
    loss_fn = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(30):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("scheduler_misuse")
def scripts_exponential_decay_heavy_dropout(seed: int) -> None:
    """Second fault: regularisation_too_strong (dropout 0.7 twice)."""
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 2)
            self.drop = nn.Dropout(0.7)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(F.relu(self.fc1(x)))
            x = self.drop(F.relu(self.fc2(x)))
            return self.fc3(x)

    model = Model()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.3)
    for _ in range(40):
        model.train()
        for idx in torch.randperm(600).split(40):
            opt.zero_grad()
            F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
            opt.step()
        sched.step()
    model.eval()
    with torch.no_grad():
        print("acc", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("scheduler_misuse")
def scripts_plateau_on_accuracy_in_min_mode(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.1, patience=1)
    acc = 0.0
    for _epoch in range(80):
        for idx in torch.randperm(600).split(60):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx].unsqueeze(1)).backward()
            optimizer.step()
        with torch.no_grad():
            acc = ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean().item()
        scheduler.step(acc)
    print("final val acc", acc)


@case("vanishing_gradients")
def scripts_ten_sigmoid_layers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    layers: list[nn.Module] = [nn.Linear(8, 32), nn.Sigmoid()]
    for _ in range(9):
        layers += [nn.Linear(32, 32), nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).flatten(), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).flatten() > 0).float() == y_val).float().mean().item())


@case("vanishing_gradients")
def scripts_deep_sigmoid_stack_and_sigmoid_twice(seed: int) -> None:
    """Second fault: double_sigmoid."""
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class DeepSigmoid(nn.Module):
        def __init__(self, depth: int = 8) -> None:
            super().__init__()
            self.inp = nn.Linear(57, 24)
            self.hidden = nn.ModuleList(nn.Linear(24, 24) for _ in range(depth))
            self.out = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = torch.sigmoid(self.inp(x))
            for layer in self.hidden:
                x = torch.sigmoid(layer(x))
            return torch.sigmoid(self.out(x))

    net = DeepSigmoid()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    bce = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(48):
            opt.zero_grad()
            bce(net(X_train[idx]), y_train[idx][:, None]).backward()
            opt.step()
    with torch.no_grad():
        pred = (net(X_val) > 0.5).float()[:, 0]
    print("acc", accuracy_score(y_val, pred))


@case("dead_relu")
def scripts_negative_bias_kills_hidden_layer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    for module in model:
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.constant_(module.bias, -10.0 if module.out_features > 1 else 0.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _ in range(25):
        for idx in torch.randperm(600).split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("dead_relu")
def scripts_batch_centering_shift_before_relu(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class ShiftedNet(nn.Module):
        def __init__(self, margin: float) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(2, 24), nn.Linear(24, 24), nn.Linear(24, 2)
            self.threshold = margin

        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.fc1(x))
            x = torch.relu(self.fc2(x) - self.threshold)
            return self.fc3(x)

    model = ShiftedNet(margin=6.0)
    opt = optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.CrossEntropyLoss()
    for _ in range(25):
        for xb, yb in zip(X_train.split(30), y_train.split(30), strict=True):
            opt.zero_grad()
            loss_fn(model(xb), yb.long()).backward()
            opt.step()
    y_hat = model(X_val).detach().numpy().argmax(axis=1)
    print("acc", (y_hat == y_val.numpy()).mean())


@case("bad_init")
def scripts_all_weights_constant(seed: int) -> None:
    """Second fault: accuracy_broadcast."""
    X_train, y_train, X_val, y_val = data("circles", seed)

    def init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            nn.init.constant_(m.weight, 0.1)
            nn.init.zeros_(m.bias)

    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    model.apply(init_weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=50, shuffle=True)
    for _ in range(40):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("bad_init")
def scripts_numpy_randn_weights_no_scaling(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    rng = np.random.default_rng(seed)

    class Net(nn.Module):
        def __init__(self, sizes: tuple[int, ...]) -> None:
            super().__init__()
            self.weights = nn.ParameterList(
                nn.Parameter(torch.tensor(5 * rng.normal(size=(sizes[i], sizes[i + 1])), dtype=torch.float32))
                for i in range(len(sizes) - 1)
            )
            self.biases = nn.ParameterList(nn.Parameter(torch.zeros(b)) for b in sizes[1:])

        def forward(self, x: Tensor) -> Tensor:
            last = len(self.weights) - 1
            for i, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
                x = x @ w + b
                x = torch.tanh(x) if i < last else x
            return x.squeeze(1)

    net = Net((57, 64, 64, 64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(15):
        for idx in torch.randperm(len(X_train)).split(40):
            loss = F.binary_cross_entropy_with_logits(net(X_train[idx]), y_train[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("val acc", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("regularisation_too_strong")
def scripts_weight_decay_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1.0)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(40):
        for idx in torch.randperm(600).split(50):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0) == (y_val == 1)).float().mean().item())


@case("regularisation_too_strong")
def scripts_l1_penalty_added_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    net = nn.Sequential(nn.Linear(71, 48), nn.ReLU(), nn.Linear(48, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    l1_lambda = 0.05
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=60, shuffle=True)
    for _ in range(20):
        for xb, yb in loader:
            bce = F.binary_cross_entropy_with_logits(net(xb).flatten(), yb)
            l1 = sum(p.abs().sum() for p in net.parameters())
            opt.zero_grad()
            (bce + l1_lambda * l1).backward()
            opt.step()
    with torch.no_grad():
        z = net(X_val).flatten()
    print("acc", ((z > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, z))


@case("regularisation_too_strong")
def scripts_dropout_095_everywhere(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class Net(nn.Module):
        def __init__(self, keep: float = 0.05) -> None:
            super().__init__()
            self.net = nn.Sequential(
                nn.Dropout(1 - keep),
                nn.Linear(64, 32),
                nn.ReLU(),
                nn.Dropout(1 - keep),
                nn.Linear(32, 32),
                nn.ReLU(),
                nn.Dropout(1 - keep),
                nn.Linear(32, 2),
            )

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x)

    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(20):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probs = model(X_val).softmax(1)[:, 1]
    print("acc", ((probs > 0.5) == y_val.bool()).float().mean().item(), "auc", roc_auc_score(y_val, probs))


@case("overfitting")
def scripts_wide_net_few_rows_noise_columns(seed: int) -> None:
    X, y = make_classification(
        900, n_features=40, n_informative=4, n_redundant=0, flip_y=0.15, class_sep=1.3, random_state=seed
    )
    X = StandardScaler().fit_transform(X)
    X_train, X_val = torch.tensor(X[:300], dtype=torch.float32), torch.tensor(X[300:], dtype=torch.float32)
    y_train, y_val = torch.tensor(y[:300], dtype=torch.float32), torch.tensor(y[300:], dtype=torch.float32)
    model = nn.Sequential(nn.Linear(40, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(50):
        model.train()
        for idx in torch.randperm(300).split(30):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        train_acc = ((model(X_train).squeeze(1) > 0).float() == y_train).float().mean().item()
        val_acc = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"train {train_acc:.3f} val {val_acc:.3f}")


@case("underfitting")
def scripts_logistic_regression_on_circles(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(50):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("underfitting")
def scripts_single_hidden_unit_circles(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Tiny(nn.Module):
        def __init__(self, hidden: int = 1) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(2, hidden), nn.Linear(hidden, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(torch.tanh(self.a(x)))

    model = Tiny()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        for idx in torch.randperm(600).split(60):
            opt.zero_grad()
            F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
            opt.step()
    with torch.no_grad():
        print("acc", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("train_mode_missing")
def scripts_eval_left_on_after_first_validation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)
    model = nn.Sequential(
        nn.BatchNorm1d(57), nn.Linear(57, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)

    def evaluate() -> float:
        model.eval()
        with torch.no_grad():
            return ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()

    evaluate()
    for _ in range(20):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    print("val acc", evaluate())


@case("eval_mode_missing")
def scripts_batchnorm_training_while_scoring(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(
        nn.Linear(2, 32),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.Linear(32, 32),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    test_loader = DataLoader(TensorDataset(X_val, y_val), batch_size=2)
    for _epoch in range(25):
        for idx in torch.randperm(600).split(40):
            opt.zero_grad()
            loss_fn(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    correct = 0
    with torch.no_grad():
        for xb, yb in test_loader:
            correct += ((torch.sigmoid(model(xb)).squeeze(1) > 0.5).float() == yb).sum().item()
    print("val accuracy", correct / len(y_val))


@case("functional_dropout")
def scripts_f_dropout_default_training(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(2, 48), nn.Linear(48, 48), nn.Linear(48, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.dropout(F.relu(self.fc1(x)), 0.8)
            x = F.dropout(F.relu(self.fc2(x)), 0.8)
            return self.fc3(x).squeeze(1)

    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        net.train()
        for idx in torch.randperm(600).split(40):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        print("acc", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("batchnorm_stats")
def scripts_keras_momentum_copied(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)
    model = nn.Sequential(
        nn.BatchNorm1d(57, momentum=0.0001),
        nn.Linear(57, 32),
        nn.BatchNorm1d(32, momentum=0.0001),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=64, shuffle=True)
    for _ in range(16):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).float()[:, 0] == y_val).float().mean().item())


@case("batchnorm_stats")
def scripts_momentum_one_and_a_leftover_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Block(nn.Module):
        def __init__(self, n_in: int, n_out: int) -> None:
            super().__init__()
            self.lin = nn.Linear(n_in, n_out)
            self.bn = nn.BatchNorm1d(n_out, momentum=1.0)

        def forward(self, x: Tensor) -> Tensor:
            return F.relu(self.bn(self.lin(x)))

    model = nn.Sequential(Block(2, 32), Block(32, 32), nn.Linear(32, 2))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=46, shuffle=True)
    for _ in range(30):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("val acc", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("batch_size_too_small")
def scripts_batchnorm_with_batches_of_two(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class BNNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.bn1 = nn.Linear(2, 32), nn.BatchNorm1d(32)
            self.fc2, self.bn2 = nn.Linear(32, 32), nn.BatchNorm1d(32)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.bn1(self.fc1(x)))
            x = F.relu(self.bn2(self.fc2(x)))
            return self.out(x).squeeze(1)

    model = BNNet()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=2, shuffle=True)
    for _ in range(3):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("threshold_on_logits")
def scripts_numpy_half_on_raw_scores(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2000, 5))
    chance = 1 / (1 + np.exp(-(0.5 * X[:, 0] - 0.4 * X[:, 1] + 0.3 * X[:, 2] * X[:, 3])))
    y = (rng.random(2000) < chance).astype(np.float32)
    X_train, X_val = torch.tensor(X[:1400], dtype=torch.float32), torch.tensor(X[1400:], dtype=torch.float32)
    y_train, y_val = torch.tensor(y[:1400]), torch.tensor(y[1400:])
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    opt = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(15):
        model.train()
        for idx in torch.randperm(1400).split(50):
            opt.zero_grad()
            criterion(model(X_train[idx])[:, 0], y_train[idx]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        scores = model(X_val)[:, 0].numpy()
    y_pred = np.where(scores >= 0.5, 1, 0)
    print("accuracy", accuracy_score(y_val.numpy(), y_pred), "f1", f1_score(y_val.numpy(), y_pred))


@case("argmax_single_output")
def scripts_torch_max_on_one_column(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    trainloader = DataLoader(TensorDataset(X_train, y_train.view(-1, 1)), batch_size=20, shuffle=True)
    testloader = DataLoader(TensorDataset(X_val, y_val), batch_size=20)
    for _ in range(20):
        for inputs, labels in trainloader:
            optimizer.zero_grad()
            criterion(model(inputs), labels).backward()
            optimizer.step()
    correct, total = 0, 0
    with torch.no_grad():
        for inputs, labels in testloader:
            _, predicted = torch.max(model(inputs), 1)
            total += labels.size(0)
            correct += (predicted == labels).sum().item()
    print(f"Accuracy: {100 * correct / total:.1f} %")


@case("accuracy_broadcast")
def scripts_column_predictions_flat_labels_sum(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for idx in torch.randperm(600).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[idx]), y_train[idx].reshape(-1, 1)).backward()
            opt.step()
    with torch.no_grad():
        y_hat = (torch.sigmoid(net(X_val)) > 0.5).numpy().astype(float)
    print("accuracy", np.mean(y_hat == y_val.numpy()))


@case("accuracy_broadcast")
def scripts_metric_class_batch_mean(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class RunningAccuracy:
        def __init__(self) -> None:
            self.values: list[float] = []

        def update(self, logits: Tensor, target: Tensor) -> None:
            self.values.append(torch.mean(((logits > 0) == target.bool()).float()).item())

        def compute(self) -> float:
            return sum(self.values) / len(self.values)

    model = nn.Sequential(
        nn.Unflatten(1, (1, 64)), nn.Conv1d(1, 8, 9, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(112, 1)
    )
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(15):
        for idx in torch.randperm(len(X_train)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    metric = RunningAccuracy()
    with torch.no_grad():
        for xb, yb in DataLoader(TensorDataset(X_val, y_val), batch_size=64):
            metric.update(model(xb), yb)
    print("val accuracy", metric.compute())


@case("softmax_wrong_dim")
def scripts_softmax_over_batch_then_cutoff(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(30):
        for idx in torch.randperm(600).split(50):
            opt.zero_grad()
            F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
            opt.step()
    with torch.no_grad():
        probs = torch.softmax(model(X_val), dim=0)
    pred = (probs[:, 1] > 0.5).float()
    print("val acc", (pred == y_val).float().mean().item())


@case("softmax_wrong_dim")
def scripts_evaluation_loader_softmax_dim_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(64, 32), nn.LeakyReLU(), nn.Linear(32, 2))
            self.softmax = nn.Softmax(dim=0)

        def forward(self, x: Tensor) -> Tensor:
            logits = self.layers(x)
            return logits if self.training else self.softmax(logits)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    loss_fn = nn.CrossEntropyLoss()
    for _ in range(15):
        net.train()
        for idx in torch.randperm(len(X_train)).split(50):
            opt.zero_grad()
            loss_fn(net(X_train[idx]), y_train[idx].long()).backward()
            opt.step()
    net.eval()
    hits = 0
    with torch.no_grad():
        for xb, yb in DataLoader(TensorDataset(X_val, y_val), batch_size=89):
            hits += (net(xb).argmax(1) == yb).sum().item()
    print("accuracy", hits / len(y_val))


@case("nan_loss")
def scripts_log_of_zero_in_own_bce(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(40):
            p = torch.sigmoid(4 * model(X_train[idx]).squeeze(1))
            t = y_train[idx]
            loss = -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("labels_misaligned")
def scripts_features_sorted_labels_not(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    X_train = X_train[torch.argsort(X_train[:, 0])]
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(20):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("overfitting")
def scripts_credit_two_hundred_rows_long_training(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    X_train, y_train = X_train[:200], y_train[:200]

    class Big(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inp = nn.Linear(28, 200)
            self.res = nn.ModuleList(nn.Linear(200, 200) for _ in range(2))
            self.out = nn.Linear(200, 1)

        def forward(self, x: Tensor) -> Tensor:
            h = F.relu(self.inp(x))
            for layer in self.res:
                h = h + F.relu(layer(h))
            return self.out(h).squeeze(1)

    model = Big()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(80):
        for idx in torch.randperm(200).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        train_acc = ((model(X_train) > 0).float() == y_train).float().mean().item()
        val_acc = ((model(X_val) > 0).float() == y_val).float().mean().item()
    print(f"train acc {train_acc:.3f}, val acc {val_acc:.3f}")


@case("label_noise")
def scripts_crowd_labels_forty_percent_wrong(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    rng = np.random.default_rng(seed)
    wrong = torch.from_numpy(rng.random(len(y_train)) < 0.4)
    y_crowd = torch.where(wrong, 1 - y_train, y_train)
    model = nn.Sequential(nn.Linear(2, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 2))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(60):
        for idx in torch.randperm(600).split(50):
            opt.zero_grad()
            F.cross_entropy(model(X_train[idx]), y_crowd[idx].long()).backward()
            opt.step()
    with torch.no_grad():
        print("val acc", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("weak_signal")
def scripts_market_direction_from_past_returns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.standard_t(5, size=1410).astype(np.float32)
    X = torch.from_numpy(np.lib.stride_tricks.sliding_window_view(returns[:-1], 10).copy())
    y = torch.from_numpy((returns[10:] > 0).astype(np.float32))
    X_train, y_train, X_val, y_val = X[:1000], y[:1000], X[1000:], y[1000:]
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(20):
        model.train()
        for idx in torch.randperm(1000).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("directional accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_small_tanh_net_rate_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 10), nn.Tanh(), nn.Linear(10, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(800):
        loss = criterion(model(X_train), y_train[:, None])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val[:, None]).float().mean().item())


@case("healthy")
def scripts_frozen_encoder_pretrained_on_ten_digits(seed: int) -> None:
    digits = load_digits()
    X = torch.tensor(digits.data / 16, dtype=torch.float32)
    y10 = torch.tensor(digits.target)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(len(X)))
    pre, fit, test = order[:900], order[900:1300], order[1300:]
    encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 32), nn.ReLU())
    pre_head = nn.Linear(32, 10)
    pre_opt = torch.optim.Adam([*encoder.parameters(), *pre_head.parameters()], lr=3e-3)
    for _ in range(15):
        for idx in pre.split(50):
            pre_opt.zero_grad()
            F.cross_entropy(pre_head(encoder(X[idx])), y10[idx]).backward()
            pre_opt.step()
    encoder.requires_grad_(False)
    encoder.eval()
    y_even = (y10 % 2 == 0).float()
    head = nn.Linear(32, 1)
    model = nn.Sequential(encoder, head)
    opt = torch.optim.Adam(head.parameters(), lr=1e-2)
    for _ in range(30):
        for idx in fit.split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y_even[idx]).backward()
            opt.step()
    y_test = y_even[test]
    with torch.no_grad():
        print("acc", ((model(X[test]).squeeze(1) > 0).float() == y_test).float().mean().item())


@case("healthy")
def scripts_accumulate_four_micro_batches(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    criterion = nn.BCEWithLogitsLoss()
    accum = 4
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)
    for _epoch in range(15):
        optimizer.zero_grad()
        for i, (xb, yb) in enumerate(loader, start=1):
            loss = criterion(model(xb).squeeze(1), yb) / accum
            loss.backward()
            if i % accum == 0 or i == len(loader):
                optimizer.step()
                optimizer.zero_grad()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_lstm_with_clipping(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class LSTMNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(8, 32, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            _, (h, _) = self.lstm(x.view(-1, 8, 8))
            return self.fc(torch.cat([h[0], h[1]], dim=1)).squeeze(1)

    model = LSTMNet()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(12):
        model.train()
        for idx in torch.randperm(len(X_train)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.25)
            opt.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((torch.sigmoid(model(X_val)) > 0.5) == y_val.bool()).float().mean().item())


@case("healthy")
def scripts_linear_warm_up_from_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 2))
    opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda step: min(1.0, step / 100))
    for _ in range(40):
        for idx in torch.randperm(600).split(50):
            opt.zero_grad()
            F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        print("acc", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def scripts_one_cycle_per_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    epochs = 12
    loader = DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=48, shuffle=True)
    model = nn.Sequential(nn.Linear(57, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.2, epochs=epochs, steps_per_epoch=len(loader))
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
            sched.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean().item())


@case("healthy")
def scripts_ema_of_weights_for_evaluation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    def make() -> nn.Sequential:
        return nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))

    model, ema = make(), make()
    ema.load_state_dict(model.state_dict())
    ema.requires_grad_(False)
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(40):
        for idx in torch.randperm(600).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
            with torch.no_grad():
                for slow, fast in zip(ema.parameters(), model.parameters(), strict=True):
                    slow.lerp_(fast, 0.05)
    with torch.no_grad():
        print("ema acc", ((ema(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_label_smoothing_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    eps = 0.1
    for _ in range(25):
        for idx in torch.randperm(len(X_train)).split(20):
            soft = y_train[idx] * (1 - eps) + eps / 2
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), soft).backward()
            optimizer.step()
    with torch.no_grad():
        pred = (model(X_val).squeeze(1).numpy() > 0).astype(int)
    print("accuracy", accuracy_score(y_val.numpy(), pred))


@case("healthy")
def scripts_thyroid_balanced_pos_weight(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    pos_weight = (y_train == 0).sum() / (y_train == 1).sum()
    model = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            opt.zero_grad()
            criterion(model(xb).flatten(), yb).backward()
            opt.step()
    with torch.no_grad():
        pred = (model(X_val).flatten() > 0).float()
    print("accuracy", accuracy_score(y_val, pred), "f1", f1_score(y_val, pred))


@case("healthy")
def scripts_heavy_dropout_wide_net(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(
        nn.Linear(57, 256),
        nn.ReLU(),
        nn.Dropout(0.7),
        nn.Linear(256, 128),
        nn.ReLU(),
        nn.Dropout(0.7),
        nn.Linear(128, 1),
    )
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        model.train()
        for idx in torch.randperm(len(X_train)).split(48):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], y_train[idx]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((model(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_plain_mlp_no_eval_no_no_grad(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for i in range(0, 600, 30):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_train[i : i + 30]).view(-1), y_train[i : i + 30])
            loss.backward()
            opt.step()
    out = net(X_val).view(-1).detach().numpy()
    print("acc", np.mean((out > 0) == y_val.numpy().astype(bool)))


@case("healthy")
def scripts_sigmoid_and_bceloss_done_right(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)

    class BinaryClassifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.output = nn.Linear(30, 60), nn.Linear(60, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.output(torch.relu(self.hidden(x))))

    model = BinaryClassifier()
    loss_fn = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(40):
        for start in range(0, len(X_train), 10):
            y_pred = model(X_train[start : start + 10])
            loss = loss_fn(y_pred, y_train[start : start + 10].reshape(-1, 1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        y_pred = model(X_val)
    print("accuracy", (y_pred.round() == y_val.reshape(-1, 1)).float().mean().item())


@case("healthy")
def scripts_focal_loss_aligned_shapes(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 1)
    )

    def focal(logits: Tensor, y: Tensor, gamma: float = 2.0, alpha: float = 0.75) -> Tensor:
        ce = F.binary_cross_entropy_with_logits(logits, y, reduction="none")
        p_t = torch.exp(-ce)
        a_t = alpha * y + (1 - alpha) * (1 - y)
        return (a_t * (1 - p_t) ** gamma * ce).mean()

    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(50):
            opt.zero_grad()
            focal(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_svm_style_hinge(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    t_train = y_train * 2 - 1
    model = nn.Sequential(nn.Linear(2, 48), nn.ReLU(), nn.Linear(48, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    for _ in range(40):
        for idx in torch.randperm(600).split(40):
            margin = t_train[idx] * model(X_train[idx]).squeeze(1)
            opt.zero_grad()
            F.relu(1 - margin).mean().backward()
            opt.step()
    with torch.no_grad():
        signs = torch.sign(model(X_val).squeeze(1))
    print("acc", (signs == y_val * 2 - 1).float().mean().item())


@case("healthy")
def scripts_tied_autoencoder_with_classifier(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train / 16, X_val / 16

    class TiedNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.enc = nn.Linear(64, 32)
            self.dec_bias = nn.Parameter(torch.zeros(64))
            self.cls = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            code = F.relu(self.enc(x))
            return self.cls(code).squeeze(1), code @ self.enc.weight + self.dec_bias

    model = TiedNet()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for idx in torch.randperm(len(X_train)).split(50):
            logits, rebuilt = model(X_train[idx])
            loss = F.binary_cross_entropy_with_logits(logits, y_train[idx]) + F.mse_loss(rebuilt, X_train[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        logits, _ = model(X_val)
    print("acc", ((logits > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_zero_initialised_head_and_blocks(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class ZeroResidual(nn.Module):
        def __init__(self, dim: int = 24, depth: int = 3) -> None:
            super().__init__()
            self.stem = nn.Linear(2, dim)
            self.up = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
            self.down = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
            self.head = nn.Linear(dim, 1)
            for layer in (*self.down, self.head):
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)

        def forward(self, x: Tensor) -> Tensor:
            h = self.stem(x)
            for up, down in zip(self.up, self.down, strict=True):
                h = h + down(F.gelu(up(h)))
            return self.head(h).squeeze(1)

    model = ZeroResidual()
    opt = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(30):
        for idx in torch.randperm(600).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_threshold_tuned_on_held_out_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    hold = 300
    for _ in range(12):
        model.train()
        for idx in torch.randperm(len(X_train) - hold).split(48):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        tune = torch.sigmoid(model(X_train[-hold:])).squeeze(1).numpy()
        scores = torch.sigmoid(model(X_val)).squeeze(1).numpy()
    grid = np.linspace(0.05, 0.6, 23)
    best = grid[int(np.argmax([f1_score(y_train[-hold:].numpy(), tune > c, zero_division=0) for c in grid]))]
    pred = scores > best
    print("accuracy", accuracy_score(y_val, pred), "f1", f1_score(y_val, pred))


@case("healthy")
def scripts_trainer_with_callbacks(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class History:
        def __init__(self) -> None:
            self.losses: list[float] = []

        def on_epoch_end(self, loss: float) -> None:
            self.losses.append(loss)

    class Trainer:
        def __init__(self, model: nn.Module, callbacks: list[History]) -> None:
            self.model, self.callbacks = model, callbacks
            self.opt = torch.optim.NAdam(model.parameters(), lr=5e-3)

        def run(self, loader: DataLoader, epochs: int) -> None:
            for _ in range(epochs):
                self.model.train()
                total = 0.0
                for xb, yb in loader:
                    loss = F.soft_margin_loss(self.model(xb).squeeze(1), 2 * yb - 1)
                    self.opt.zero_grad(set_to_none=False)
                    loss.backward()
                    self.opt.step()
                    total += loss.item() * len(xb)
                for callback in self.callbacks:
                    callback.on_epoch_end(total / len(X_train))

    trainer = Trainer(
        nn.Sequential(nn.Linear(2, 32), nn.ELU(), nn.Linear(32, 16), nn.ELU(), nn.Linear(16, 1)), [History()]
    )
    trainer.run(DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True), epochs=35)
    trainer.model.eval()
    with torch.no_grad():
        logits = trainer.model(X_val).squeeze(1)
    print("acc", ((logits > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def scripts_wine_seventy_rows(seed: int) -> None:
    wine = load_wine()
    X_tr, X_te, y_tr, y_te = train_test_split(
        wine.data, (wine.target == 1).astype(np.float32), train_size=70, random_state=seed, stratify=wine.target
    )
    scaler = StandardScaler().fit(X_tr)
    X_train, X_test = (torch.tensor(scaler.transform(a), dtype=torch.float32) for a in (X_tr, X_te))
    y_train, y_test = torch.tensor(y_tr), torch.tensor(y_te)
    model = nn.Sequential(nn.Linear(13, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-3)
    for _ in range(300):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(model(X_train).squeeze(1), y_train).backward()
        opt.step()
    with torch.no_grad():
        print("test acc", ((model(X_test).squeeze(1) > 0).float() == y_test).float().mean().item())


@case("healthy")
def scripts_credit_default_is_hard(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 16), nn.ReLU(), nn.Linear(16, 2))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    criterion = nn.CrossEntropyLoss()
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _ in range(12):
        for xb, yb in loader:
            opt.zero_grad()
            criterion(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        probs = model(X_val).softmax(dim=1)[:, 1]
    print("acc", ((probs > 0.5) == y_val.bool()).float().mean().item(), "auc", roc_auc_score(y_val, probs))


@case("healthy")
def scripts_early_stopping_restores_best(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    best_loss, best_state, waited, patience = float("inf"), {}, 0, 8
    for _epoch in range(100):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx].unsqueeze(1)).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(model(X_val), y_val.unsqueeze(1)).item()
        if val_loss < best_loss:
            best_loss, waited = val_loss, 0
            best_state = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            waited += 1
            if waited >= patience:
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).squeeze(1) == y_val.bool()).float().mean().item())


@case("healthy")
def scripts_lbfgs_closure(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    opt = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=10, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        opt.zero_grad()
        penalty = 1e-4 * sum((p**2).sum() for p in model.parameters())
        loss = F.binary_cross_entropy_with_logits(model(X_train).squeeze(1), y_train) + penalty
        loss.backward()
        return loss

    for _ in range(25):
        opt.step(closure)
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_wide_and_deep_two_optimizers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class WideDeep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wide = nn.Linear(57, 1)
            self.deep = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x: Tensor) -> Tensor:
            return (self.wide(x) + self.deep(x)).squeeze(-1)

    model = WideDeep()
    opt_wide = torch.optim.SGD(model.wide.parameters(), lr=0.05)
    opt_deep = torch.optim.RMSprop(model.deep.parameters(), lr=1e-3)
    for _ in range(15):
        for idx in torch.randperm(len(X_train)).split(40):
            model.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            opt_wide.step()
            opt_deep.step()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_custom_autograd_swish(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return x * torch.sigmoid(x)

        @staticmethod
        def backward(ctx: torch.autograd.function.FunctionCtx, grad: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            s = torch.sigmoid(x)
            return grad * (s + x * s * (1 - s))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(2, 32), nn.Linear(32, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(Swish.apply(self.a(x)))

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(40):
        for idx in torch.randperm(600).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[idx]), y_train[idx].long()).backward()
            opt.step()
    with torch.no_grad():
        print("acc", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def scripts_weighted_sampler_rare_digit(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    counts = torch.bincount(y_train.long()).float()
    sampler = WeightedRandomSampler((1 / counts)[y_train.long()].tolist(), len(y_train))
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, sampler=sampler)
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        pred = (model(X_val).squeeze(1) > 0).float()
    print("acc", (pred == y_val).float().mean().item(), "f1", f1_score(y_val, pred))


@case("healthy")
def scripts_checkpointed_residual_blocks(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)

    class CheckpointedNet(nn.Module):
        def __init__(self, dim: int = 24) -> None:
            super().__init__()
            self.stem = nn.Linear(8, dim)
            self.blocks = nn.ModuleList(
                nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, dim), nn.GELU()) for _ in range(2)
            )
            self.head = nn.Linear(dim, 1)

        def forward(self, x: Tensor) -> Tensor:
            h = self.stem(x)
            for block in self.blocks:
                h = h + (checkpoint(block, h, use_reentrant=False) if self.training else block(h))
            return self.head(h).squeeze(1)

    model = CheckpointedNet()
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    for _ in range(15):
        model.train()
        for idx in torch.randperm(600).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_masked_mean_of_embeddings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(4, 20, 1000)
    tokens = np.zeros((1000, 20), dtype=np.int64)
    y = rng.integers(0, 2, 1000)
    for i, length in enumerate(lengths):
        low, high = (1, 25) if y[i] else (10, 34)
        tokens[i, :length] = rng.integers(low, high, length)
    X, labels = torch.from_numpy(tokens), torch.from_numpy(y).float()

    class BagOfWords(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(34, 12, padding_idx=0)
            self.fc = nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            mask = (x != 0).unsqueeze(-1)
            mean = (self.emb(x) * mask).sum(1) / mask.sum(1)
            return self.fc(mean).squeeze(1)

    model = BagOfWords()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(20):
        for idx in torch.randperm(750).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]), labels[idx]).backward()
            opt.step()
    y_val = labels[750:]
    with torch.no_grad():
        print("acc", ((model(X[750:]) > 0).float() == y_val).float().mean().item())


@case("healthy")
def scripts_log_softmax_nll_raw_inputs_batchnorm_first(seed: int) -> None:
    raw = load_breast_cancer()
    X_tr, X_te, y_tr, y_te = train_test_split(raw.data, raw.target, test_size=0.25, random_state=seed)
    X_train, X_test = torch.tensor(X_tr, dtype=torch.float32), torch.tensor(X_te, dtype=torch.float32)
    y_train, y_test = torch.tensor(y_tr), torch.tensor(y_te)
    model = nn.Sequential(nn.BatchNorm1d(30), nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2), nn.LogSoftmax(dim=1))
    criterion = nn.NLLLoss()
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    for _ in range(20):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            criterion(model(X_train[idx]), y_train[idx]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        predicted = model(X_test).exp().numpy().argmax(axis=1)
    print("accuracy", accuracy_score(y_test, predicted))


@case("healthy")
def scripts_summed_loss_small_rate_cosine(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.1), nn.Linear(32, 16), nn.LeakyReLU(0.1), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss(reduction="sum")
    opt = torch.optim.SGD(model.parameters(), lr=2e-3, momentum=0.9)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=60)
    for _ in range(60):
        for xb, yb in zip(X_train.split(50), y_train.split(50), strict=True):
            opt.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            opt.step()
        sched.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())
