"""Longer programs, as in students' projects and company prototypes."""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss, roc_auc_score
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset


def load_reviews(seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Token ids (0 is padding), lengths and labels of 800 short reviews."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(5, 13, 800)
    tokens = np.zeros((800, 40), dtype=np.int64)
    labels = rng.integers(0, 2, 800)
    for i, n in enumerate(lengths):
        opinion = rng.random(n) < 0.6
        polar = np.where(rng.random(n) < 0.75, labels[i], 1 - labels[i])
        tokens[i, :n] = np.where(opinion, 1 + 8 * polar + rng.integers(0, 8, n), rng.integers(17, 40, n))
    return torch.from_numpy(tokens), torch.from_numpy(lengths), torch.from_numpy(labels).float()


def load_sensors(seed: int) -> tuple[Tensor, Tensor]:
    """Two channels of 24 readings (800, 24, 2), and whether the machine ran at the higher frequency."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 800)
    time = np.linspace(0, 1, 24)
    angle = 2 * np.pi * (2 + 1.5 * labels)[:, None] * time + rng.uniform(0, 2 * np.pi, (800, 1))
    wave = np.stack([np.sin(angle), np.cos(angle)], axis=2) + rng.normal(0, 0.7, (800, 24, 2))
    return torch.from_numpy(wave).float(), torch.from_numpy(labels).float()


@case("double_sigmoid")
def churn_trainer_with_final_activation(seed: int) -> None:
    @dataclass
    class Config:
        hidden: tuple[int, ...] = (64, 32)
        lr: float = 1e-3
        epochs: int = 15
        batch_size: int = 32
        out_activation: str = "sigmoid"

    class MLP(nn.Module):
        def __init__(self, n_in: int, cfg: Config) -> None:
            super().__init__()
            layers: list[nn.Module] = []
            for width in cfg.hidden:
                layers += [nn.Linear(n_in, width), nn.ReLU()]
                n_in = width
            layers.append(nn.Linear(n_in, 1))
            if cfg.out_activation == "sigmoid":
                layers.append(nn.Sigmoid())
            self.layers = nn.Sequential(*layers)

        def forward(self, x: Tensor) -> Tensor:
            return self.layers(x).squeeze(1)

    class Trainer:
        def __init__(self, model: nn.Module, cfg: Config) -> None:
            self.model, self.cfg = model, cfg
            self.criterion = nn.BCEWithLogitsLoss()
            self.optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
            self.history: list[float] = []

        def fit(self, loader: DataLoader) -> None:
            for _ in range(self.cfg.epochs):
                self.model.train()
                total = 0.0
                for xb, yb in loader:
                    self.optimizer.zero_grad()
                    loss = self.criterion(self.model(xb), yb)
                    loss.backward()
                    self.optimizer.step()
                    total += loss.item()
                self.history.append(total / len(loader))

        @torch.no_grad()
        def predict_proba(self, x: Tensor) -> Tensor:
            self.model.eval()
            return torch.sigmoid(self.model(x))

    cfg = Config()
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    trainer = Trainer(MLP(X_train.shape[1], cfg), cfg)
    trainer.fit(DataLoader(TensorDataset(X_train, y_train), batch_size=cfg.batch_size, shuffle=True))
    accuracy = ((trainer.predict_proba(X_val) > 0.5).float() == y_val).float().mean()
    print(f"val accuracy {accuracy:.3f}")


@case("double_sigmoid")
def focal_loss_on_signals(seed: int) -> None:
    class FocalLoss(nn.Module):
        def __init__(self, gamma: float = 2.0) -> None:
            super().__init__()
            self.gamma = gamma

        def forward(self, inputs: Tensor, targets: Tensor) -> Tensor:
            bce = F.binary_cross_entropy_with_logits(inputs, targets, reduction="none")
            pt = torch.exp(-bce)
            return ((1 - pt) ** self.gamma * bce).mean()

    class SignalNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv1d(2, 16, 5, padding=2)
            self.conv2 = nn.Conv1d(16, 16, 5, padding=2)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.conv1(x.transpose(1, 2)))
            x = F.relu(self.conv2(F.max_pool1d(x, 2)))
            return torch.sigmoid(self.fc(x.mean(dim=2))).squeeze(1)

    X, y = load_sensors(seed)
    train_loader = DataLoader(TensorDataset(X[:600], y[:600]), batch_size=32, shuffle=True)
    model, criterion = SignalNet(), FocalLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    losses = []
    for _epoch in range(15):
        for xb, yb in train_loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        probs = torch.sigmoid(model(X[600:]))
    print("val acc", ((probs > 0.5) == (y[600:] == 1)).float().mean().item())


@case("softmax_before_ce")
def tabular_transformer_softmax_head(seed: int) -> None:
    class TabTransformer(nn.Module):
        def __init__(self, n_features: int, dim: int = 16) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.randn(n_features, dim) * 0.3)
            self.bias = nn.Parameter(torch.zeros(n_features, dim))
            self.block = nn.TransformerEncoderLayer(dim, 2, 32, dropout=0.0, batch_first=True)
            self.head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 2), nn.Softmax(dim=-1))

        def forward(self, x: Tensor) -> Tensor:
            tokens = x.unsqueeze(-1) * self.weight + self.bias
            return self.head(self.block(tokens).mean(dim=1))

    X_train, y_train, X_val, y_val = data("clouds", seed)
    hparams = {"lr": 2e-3, "epochs": 8, "batch_size": 32}
    net = TabTransformer(X_train.shape[1])
    opt = torch.optim.Adam(net.parameters(), lr=hparams["lr"])
    loss_fn = nn.CrossEntropyLoss()
    for _ in range(hparams["epochs"]):
        net.train()
        order = torch.randperm(len(X_train))
        for idx in order.split(hparams["batch_size"]):
            opt.zero_grad()
            loss_fn(net(X_train[idx]), y_train[idx].long()).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        proba = F.softmax(net(X_val), dim=1)[:, 1]
    print(f"log loss {log_loss(y_val.numpy(), proba.double().numpy()):.3f}")


@case("softmax_before_ce")
def model_returning_dict_with_probs(seed: int) -> None:
    class Classifier(nn.Module):
        def __init__(self, in_dim: int, n_classes: int = 2) -> None:
            super().__init__()
            self.backbone = nn.Sequential(nn.Linear(in_dim, 48), nn.Tanh(), nn.Linear(48, 24), nn.Tanh())
            self.head = nn.Linear(24, n_classes)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            features = self.backbone(x)
            logits = self.head(features)
            return {"features": features, "logits": logits, "probs": logits.softmax(dim=1)}

    def training_step(model: nn.Module, batch: list[Tensor], weight: Tensor) -> Tensor:
        xb, yb = batch
        return F.cross_entropy(model(xb)["probs"], yb.long(), weight=weight)

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = Classifier(X_train.shape[1])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    for _ in range(20):
        for batch in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            training_step(model, batch, torch.ones(2)).backward()
            optimizer.step()
    with torch.no_grad():
        p = F.softmax(model(X_val)["probs"], dim=1)[:, 1].double().numpy()
    print("val log loss", log_loss(y_val.numpy(), p))


@case("bce_on_logits")
def hand_written_cross_entropy(seed: int) -> None:
    def binary_loss(output: Tensor, target: Tensor, eps: float = 1e-6) -> Tensor:
        output = output.clamp(eps, 1 - eps)
        return -(target * output.log() + (1 - target) * (1 - output).log()).mean()

    def get_model(n_in: int, width: int = 32) -> nn.Module:
        return nn.Sequential(
            nn.Linear(n_in, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, 1), nn.Flatten(0),
        )  # fmt: skip

    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = get_model(X_train.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True, drop_last=True)
    for _ in range(20):
        model.train()
        for xb, yb in loader:
            loss = binary_loss(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = (torch.sigmoid(model(X_val)) > 0.5).float()
    print("val accuracy", (pred == y_val).float().mean().item())


@case("ce_single_output")
def config_num_classes_one(seed: int) -> None:
    @dataclass
    class Config:
        num_classes: int = 1
        channels: list[int] = field(default_factory=lambda: [8, 16])
        lr: float = 1e-3
        epochs: int = 12

    class DigitCNN(nn.Module):
        def __init__(self, cfg: Config) -> None:
            super().__init__()
            a, b = cfg.channels
            self.features = nn.Sequential(
                nn.Conv2d(1, a, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(a, b, 3, padding=1), nn.ReLU()
            )
            self.fc = nn.Linear(b * 16, cfg.num_classes)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(self.features(x).flatten(1))

    cfg = Config()
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    images, val_images = (X_train / 16).view(-1, 1, 8, 8), (X_val / 16).view(-1, 1, 8, 8)
    model = DigitCNN(cfg)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for _ in range(cfg.epochs):
        for xb, yb in DataLoader(TensorDataset(images, y_train.unsqueeze(1)), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        auc = roc_auc_score(y_val, model(val_images)[:, -1])
    print(f"AUC: {auc:.3f}")


@case("softmax_single_output")
def subclass_of_sequential(seed: int) -> None:
    class MLPClassifier(nn.Sequential):
        def __init__(self, sizes: list[int], activation: type[nn.Module] = nn.ReLU, output: nn.Module | None = None):
            layers: list[nn.Module] = []
            for n_in, n_out in pairwise(sizes):
                layers += [nn.Linear(n_in, n_out), activation()]
            layers[-1] = output or nn.Softmax(dim=-1)
            super().__init__(*layers)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    y_col = y_train.view(-1, 1)
    clf = MLPClassifier([X_train.shape[1], 32, 16, 1])
    loss_function = nn.BCELoss()
    optimizer = torch.optim.Adam(clf.parameters(), lr=2e-3)
    for _epoch in range(40):
        perm = torch.randperm(len(X_train))
        for i in range(0, len(perm), 32):
            idx = perm[i : i + 32]
            optimizer.zero_grad()
            loss = loss_function(clf(X_train[idx]), y_col[idx])
            loss.backward()
            optimizer.step()
    clf.eval()
    with torch.inference_mode():
        accuracy = ((clf(X_val) > 0.5).squeeze(1) == y_val.bool()).float().mean().item()
    print("validation accuracy", round(accuracy, 3))


@case("nll_on_probabilities")
def gru_sentiment_nll(seed: int) -> None:
    class GRUSentiment(nn.Module):
        def __init__(self, vocab: int = 40, emb: int = 16, hidden: int = 24) -> None:
            super().__init__()
            self.emb = nn.Embedding(vocab, emb, padding_idx=0)
            self.gru = nn.GRU(emb, hidden, batch_first=True)
            self.fc = nn.Linear(hidden, 2)

        def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
            packed = nn.utils.rnn.pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
            _, h = self.gru(packed)
            return F.softmax(self.fc(h[-1]), dim=1)

    ids, lengths, y = load_reviews(seed)
    model, criterion = GRUSentiment(), nn.NLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(8):
        for idx in torch.randperm(600).split(32):
            loss = criterion(model(ids[idx], lengths[idx]), y[idx].long())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    with torch.no_grad():
        p = model(ids[600:], lengths[600:])
    print("log loss", log_loss(y[600:].numpy(), p[:, 1].double().clamp(1e-7, 1 - 1e-7).numpy()))


@case("nll_on_probabilities")
def churn_classifier_with_log_option(seed: int) -> None:
    class ChurnNet(nn.Module):
        def __init__(self, n_in: int, log: bool = False) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(n_in, 64), nn.SiLU(), nn.Linear(64, 32), nn.SiLU())
            self.out = nn.Linear(32, 2)
            self.act = nn.LogSoftmax(dim=1) if log else nn.Softmax(dim=1)

        def forward(self, x: Tensor) -> Tensor:
            return self.act(self.out(self.body(x)))

    def run_epoch(net: nn.Module, loader: DataLoader, optimizer: torch.optim.Optimizer) -> float:
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = F.nll_loss(net(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        return total / len(loader.dataset)

    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    net = ChurnNet(X_train.shape[1])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    losses = [run_epoch(net, loader, optimizer) for _ in range(25)]
    with torch.no_grad():
        pred = net(X_val).argmax(dim=1)
    print(f"last loss {losses[-1]:.3f}, balanced accuracy {balanced_accuracy_score(y_val, pred):.3f}")


@case("relu_on_output")
def helper_adds_relu_everywhere(seed: int) -> None:
    def fc_block(n_in: int, n_out: int, p: float = 0.0) -> nn.Sequential:
        return nn.Sequential(nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(p))

    def build(sizes: list[int], p: float = 0.1) -> nn.Sequential:
        hidden = [fc_block(a, b, p) for a, b in pairwise(sizes[:-1])]
        return nn.Sequential(*hidden, fc_block(sizes[-2], sizes[-1]))

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = build([X_train.shape[1], 64, 32, 1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=15)
    for _ in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(-1), yb)
            loss.backward()
            optimizer.step()
        scheduler.step()
    model.eval()
    with torch.no_grad():
        pred = (torch.sigmoid(model(X_val).squeeze(-1)) > 0.5).float()
    print("val accuracy", (pred == y_val).float().mean().item())


@case("no_nonlinearity")
def activation_factory_returns_identity(seed: int) -> None:
    config = {"hidden": [32, 32], "activation": "LeakyReLU", "lr": 0.01, "epochs": 40}

    def activation(name: str) -> nn.Module:
        return {"relu": nn.ReLU(), "tanh": nn.Tanh(), "leakyrelu": nn.LeakyReLU()}.get(name, nn.Identity())

    class Net(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.blocks = nn.ModuleList()
            for width in config["hidden"]:
                self.blocks.append(nn.Sequential(nn.Linear(n_in, width), activation(config["activation"])))
                n_in = width
            self.classifier = nn.Linear(n_in, 1)

        def forward(self, x: Tensor) -> Tensor:
            for block in self.blocks:
                x = block(x)
            return self.classifier(x).flatten()

    X_train, y_train, X_val, y_val = data("circles", seed)
    model = Net(2)
    optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
    for _ in range(config["epochs"]):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val auc", roc_auc_score(y_val, model(X_val)))


@case("no_nonlinearity")
def residual_blocks_without_activation(seed: int) -> None:
    class ResBlock(nn.Module):
        def __init__(self, dim: int) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(dim)
            self.fc1 = nn.Linear(dim, dim * 2)
            self.fc2 = nn.Linear(dim * 2, dim)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.fc2(self.fc1(self.norm(x)))

    class ResNet(nn.Module):
        def __init__(self, n_in: int, dim: int = 24, depth: int = 2) -> None:
            super().__init__()
            self.stem = nn.Linear(n_in, dim)
            self.blocks = nn.Sequential(*[ResBlock(dim) for _ in range(depth)])
            self.head = nn.Linear(dim, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.blocks(self.stem(x)))

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = ResNet(2)
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-4)
    for _ in range(40):
        model.train()
        for idx in torch.randperm(len(X_train)).split(50):
            opt.zero_grad()
            loss = F.cross_entropy(model(X_train[idx]), y_train[idx].long())
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("shape_broadcast")
def hand_written_focal_loss_shapes(seed: int) -> None:
    class CustomDataset(Dataset):
        def __init__(self, x: Tensor, y: Tensor) -> None:
            self.x, self.y = x, y

        def __len__(self) -> int:
            return len(self.x)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.x[i], self.y[i]

    def focal(probs: Tensor, target: Tensor, gamma: float = 1.0) -> Tensor:
        probs = probs.clamp(1e-6, 1 - 1e-6)
        pos = -target * (1 - probs) ** gamma * probs.log()
        neg = -(1 - target) * probs**gamma * (1 - probs).log()
        return (pos + neg).mean()

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(CustomDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            loss = focal(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        correct = (model(X_val).squeeze(1) > 0.5) == (y_val > 0.5)
    print(f"val acc: {correct.float().mean():.3f}")


@case("shape_broadcast")
def two_tower_with_mse(seed: int) -> None:
    class Tower(nn.Module):
        def __init__(self, n_in: int, n_out: int = 12) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, n_out))

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x)

    class TwoTower(nn.Module):
        def __init__(self, left: int, right: int) -> None:
            super().__init__()
            self.left, self.right = Tower(left), Tower(right)
            self.mix = nn.Linear(24, 1)

        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return torch.sigmoid(self.mix(torch.cat([self.left(a), self.right(b)], dim=1)))

    def brier(predicted: Tensor, actual: Tensor) -> Tensor:
        return torch.mean((predicted - actual) ** 2)

    X_train, y_train, X_val, y_val = data("spambase", seed)
    words, rest = X_train[:, :48], X_train[:, 48:]
    model = TwoTower(words.shape[1], rest.shape[1])
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        for idx in torch.randperm(len(y_train)).split(40):
            opt.zero_grad()
            brier(model(words[idx], rest[idx]), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        p = model(X_val[:, :48], X_val[:, 48:]).squeeze(1)
    print("brier", brier(p, y_val).item(), "accuracy", ((p > 0.5).float() == y_val).float().mean().item())


@case("label_encoding")
def dataset_keeps_categories_from_one(seed: int) -> None:
    class ChurnDataset(Dataset):
        classes = ("stay", "leave")

        def __init__(self, x: Tensor, names: list[str]) -> None:
            self.x = x
            self.codes = {name: code for code, name in enumerate(self.classes, start=1)}
            self.y = torch.tensor([float(self.codes[name]) for name in names])

        def __len__(self) -> int:
            return len(self.y)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.x[i], self.y[i]

    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    names = [ChurnDataset.classes[int(v)] for v in y_train]
    train_set = ChurnDataset(X_train, names)
    net = nn.Sequential(nn.Linear(X_train.shape[1], 48), nn.GELU(), nn.Linear(48, 1))
    criterion, optimizer = nn.BCEWithLogitsLoss(), torch.optim.Adam(net.parameters(), lr=2e-3)
    log: list[float] = []
    for _ in range(12):
        running = 0.0
        for xb, yb in DataLoader(train_set, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(net(xb).view(-1), yb)
            loss.backward()
            optimizer.step()
            running += loss.item()
        log.append(running)
    with torch.no_grad():
        pred = (torch.sigmoid(net(X_val).view(-1)) >= 0.5).float()
    print("val accuracy", (pred == y_val).float().mean().item())


@case("label_encoding")
def image_dataset_with_mask_labels(seed: int) -> None:
    def to_tensor(a: np.ndarray) -> Tensor:
        return torch.as_tensor(a, dtype=torch.float32)

    def read_split(pixels: Tensor, is_eight: Tensor) -> tuple[np.ndarray, np.ndarray]:
        return pixels.numpy().reshape(-1, 1, 8, 8) / 16.0, (is_eight.numpy() * 255).astype(np.uint8)

    class SmallCNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 12, 3)
            self.fc1 = nn.Linear(12 * 9, 32)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1)
            return self.fc2(F.relu(self.fc1(x)))[:, 0]

    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    images, masks = read_split(X_train, y_train)
    val_images, val_masks = read_split(X_val, y_val)
    model = SmallCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(to_tensor(images), to_tensor(masks)), batch_size=32, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        guess = model(to_tensor(val_images)).numpy() > 0
    print("f1", f1_score(val_masks > 0, guess))


@case("labels_single_class")
def integer_division_of_labels(seed: int) -> None:
    class DigitsDataset(Dataset):
        max_value = 16

        def __init__(self, table: np.ndarray) -> None:
            self.table = table

        def __len__(self) -> int:
            return len(self.table)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            row = self.table[i] / self.max_value
            return torch.tensor(row[:-1], dtype=torch.float32), torch.tensor(int(row[-1]), dtype=torch.float32)

    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    table = torch.cat([X_train, y_train[:, None]], dim=1).numpy()
    loader = DataLoader(DigitsDataset(table), batch_size=32, shuffle=True)
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(12):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val auc", roc_auc_score(y_val, model(X_val / 16)))


@case("labels_misaligned")
def own_shuffle_per_epoch(seed: int) -> None:
    class Batcher:
        def __init__(self, x: Tensor, y: Tensor, size: int = 32) -> None:
            self.x, self.y, self.size = x, y, size

        def shuffled(self, t: Tensor) -> Tensor:
            return t[torch.randperm(len(t))]

        def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
            x, y = self.shuffled(self.x), self.shuffled(self.y)
            for start in range(0, len(x), self.size):
                yield x[start : start + self.size], y[start : start + self.size]

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for _ in range(40):
        model.train()
        for xb, yb in Batcher(X_train, y_train):
            optimizer.zero_grad()
            criterion(model(xb), yb.long()).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("acc", (model(X_val).argmax(dim=1) == y_val.long()).float().mean().item())


@case("labels_misaligned")
def dataset_sorts_its_features(seed: int) -> None:
    class SortedByDuration(Dataset):
        """Keep similar rows together, so that batches are alike."""

        def __init__(self, x: Tensor, y: Tensor, key: int = 0) -> None:
            order = torch.argsort(x[:, key])
            self.features = x[order]
            self.targets = y

        def __len__(self) -> int:
            return len(self.features)

        def __getitem__(self, index: int) -> dict[str, Tensor]:
            return {"x": self.features[index], "y": self.targets[index]}

    def evaluate(model: nn.Module, x: Tensor, y: Tensor) -> float:
        model.eval()
        with torch.no_grad():
            return roc_auc_score(y.numpy(), model(x).numpy())

    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(SortedByDuration(X_train, y_train), batch_size=32, shuffle=True)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scores = []
    for _ in range(12):
        model.train()
        for batch in loader:
            loss = F.binary_cross_entropy_with_logits(model(batch["x"]), batch["y"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scores.append(evaluate(model, X_val, y_val))
    print("auc", scores[-1])


@case("label_noise")
def several_annotators_one_kept(seed: int) -> None:
    class Annotator:
        def __init__(self, skill: float, rng: np.random.Generator) -> None:
            self.skill, self.rng = skill, rng

        def annotate(self, truth: np.ndarray) -> np.ndarray:
            return np.where(self.rng.random(len(truth)) < self.skill, truth, 1 - truth)

    def collect_labels(truth: np.ndarray, skills: tuple[float, ...] = (0.62,)) -> np.ndarray:
        rng = np.random.default_rng(seed)
        votes = np.stack([Annotator(skill, rng).annotate(truth) for skill in skills])
        return (votes.mean(axis=0) > 0.5).astype(np.float32)

    X_train, y_train, X_val, y_val = data("spambase", seed)
    crowd = torch.from_numpy(collect_labels(y_train.numpy()))
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, crowd), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("class_weights_wrong")
def weights_from_class_shares(seed: int) -> None:
    def class_weights(labels: Tensor, n_classes: int = 2) -> Tensor:
        counts = torch.bincount(labels.long(), minlength=n_classes).float()
        return counts / counts.sum() * n_classes

    class LitModel(nn.Module):
        def __init__(self, n_in: int, weights: Tensor) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, 2))
            self.criterion = nn.CrossEntropyLoss(weight=weights)

        def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
            x, y = batch
            return self.criterion(self.net(x), y)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=1e-3)

    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    lit = LitModel(X_train.shape[1], class_weights(y_train))
    optimizer = lit.configure_optimizers()
    for _ in range(15):
        for batch in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            lit.training_step(batch).backward()
            optimizer.step()
    with torch.no_grad():
        pred = lit.net(X_val).argmax(dim=1).numpy()
    print("balanced accuracy", balanced_accuracy_score(y_val.numpy(), pred))


@case("class_weights_wrong")
def pos_weight_property(seed: int) -> None:
    class CreditData:
        def __init__(self) -> None:
            self.X_train, self.y_train, self.X_val, self.y_val = data("credit_data", seed)

        @property
        def pos_weight(self) -> Tensor:
            return (self.y_train == 0).sum().float()

        def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
            for idx in torch.randperm(len(self.X_train)).split(size):
                yield self.X_train[idx], self.y_train[idx]

    credit = CreditData()
    model = nn.Sequential(nn.Linear(credit.X_train.shape[1], 32), nn.Tanh(), nn.Linear(32, 1))
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=credit.pos_weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(15):
        for xb, yb in credit.batches(32):
            optimizer.zero_grad()
            loss = loss_fn(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = (torch.sigmoid(model(credit.X_val)).squeeze(1) > 0.5).float()
    print("val accuracy", (pred == credit.y_val).float().mean().item())


@case("threshold_not_tuned")
def config_threshold_for_precision(seed: int) -> None:
    @dataclass(frozen=True)
    class Config:
        lr: float = 1e-3
        epochs: int = 15
        threshold: float = 0.9

    class Scorer:
        def __init__(self, cfg: Config, n_in: int) -> None:
            self.cfg = cfg
            self.net = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))

        def fit(self, x: Tensor, y: Tensor) -> "Scorer":
            optimizer = torch.optim.Adam(self.net.parameters(), lr=self.cfg.lr)
            for _ in range(self.cfg.epochs):
                for idx in torch.randperm(len(x)).split(32):
                    optimizer.zero_grad()
                    F.binary_cross_entropy_with_logits(self.net(x[idx]), y[idx]).backward()
                    optimizer.step()
            return self

        @torch.no_grad()
        def predict(self, x: Tensor) -> Tensor:
            return (torch.sigmoid(self.net(x)) >= self.cfg.threshold).int()

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    scorer = Scorer(Config(), X_train.shape[1]).fit(X_train, y_train)
    print("f1", f1_score(y_val.numpy(), scorer.predict(X_val).numpy()))


@case("imbalance")
def rare_churners_linear_score(seed: int) -> None:
    class EarlyStopping:
        def __init__(self, patience: int = 5) -> None:
            self.best, self.bad, self.patience = math.inf, 0, patience

        def __call__(self, value: float) -> bool:
            self.bad = 0 if value < self.best - 1e-4 else self.bad + 1
            self.best = min(self.best, value)
            return self.bad >= self.patience

    def recall(pred: Tensor, truth: Tensor) -> float:
        return ((pred == 1) & (truth == 1)).sum().item() / max((truth == 1).sum().item(), 1)

    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    keep = (y_train == 0) | (torch.arange(len(y_train)) % 2 == 0)
    loader = DataLoader(TensorDataset(X_train[keep], y_train[keep]), batch_size=32, shuffle=True)
    model, stopping = nn.Linear(X_train.shape[1], 1), EarlyStopping()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(25):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            optimizer.step()
        with torch.no_grad():
            val_logits = model(X_val)[:, 0]
        if stopping(F.binary_cross_entropy_with_logits(val_logits, y_val).item()):
            break
    print("recall", recall((val_logits > 0).float(), y_val))


@case("unscaled_features")
def config_without_scaling(seed: int) -> None:
    @dataclass
    class Config:
        scale: bool = False
        hidden: int = 64
        lr: float = 0.01
        momentum: float = 0.9
        epochs: int = 20

    class DataModule:
        def __init__(self, cfg: Config) -> None:
            self.train_x, self.train_y, self.val_x, self.val_y = data("breast_cancer", seed, raw=True)
            if cfg.scale:
                mean, std = self.train_x.mean(0), self.train_x.std(0)
                self.train_x, self.val_x = (self.train_x - mean) / std, (self.val_x - mean) / std

        def train_loader(self) -> DataLoader:
            return DataLoader(TensorDataset(self.train_x, self.train_y), batch_size=32, shuffle=True)

    cfg = Config()
    dm = DataModule(cfg)
    model = nn.Sequential(nn.Linear(30, cfg.hidden), nn.ReLU(), nn.Linear(cfg.hidden, 1), nn.Flatten(0))
    opt = torch.optim.SGD(model.parameters(), lr=cfg.lr, momentum=cfg.momentum)
    for _ in range(cfg.epochs):
        for xb, yb in dm.train_loader():
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("val auc", roc_auc_score(dm.val_y, torch.nan_to_num(model(dm.val_x))))


@case("unscaled_features")
def raw_loan_columns(seed: int) -> None:
    class LoanNet(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(n_in, 32), nn.Linear(32, 16), nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = torch.tanh(self.fc1(x))
            return self.fc3(torch.tanh(self.fc2(x)))

    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    model = LoanNet(X_train.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.02)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
    with torch.no_grad():
        score = model(X_val).softmax(dim=1)[:, 1]
    print("val auc", roc_auc_score(y_val, score))


@case("preprocess_mismatch")
def scaler_only_in_training_set(seed: int) -> None:
    class Table(Dataset):
        def __init__(self, x: Tensor, y: Tensor, train: bool = True) -> None:
            self.x = (x - x.mean(dim=0)) / x.std(dim=0).clamp_min(1e-6) if train else x
            self.y = y

        def __len__(self) -> int:
            return len(self.y)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.x[i], self.y[i]

    def accuracy(model: nn.Module, loader: DataLoader) -> float:
        model.eval()
        hits = total = 0
        with torch.no_grad():
            for xb, yb in loader:
                hits += ((model(xb) > 0).float() == yb).sum().item()
                total += len(yb)
        return hits / total

    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    train_loader = DataLoader(Table(X_train, y_train), batch_size=32, shuffle=True)
    val_loader = DataLoader(Table(X_val, y_val, train=False), batch_size=64)
    model = nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(25):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    print("val accuracy", accuracy(model, val_loader))


@case("preprocess_mismatch")
def predictor_divides_by_255(seed: int) -> None:
    class ConvNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.c1 = nn.Conv2d(1, 8, 3, padding=1)
            self.c2 = nn.Conv2d(8, 16, 3, padding=1)
            self.out = nn.Linear(64, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.c1(x)), 2)
            return self.out(F.max_pool2d(F.relu(self.c2(x)), 2).flatten(1))

    class Predictor:
        def __init__(self, model: nn.Module, scale: float = 255.0) -> None:
            self.model, self.scale = model.eval(), scale

        @torch.inference_mode()
        def __call__(self, pixels: Tensor) -> Tensor:
            return self.model(pixels.view(-1, 1, 8, 8) / self.scale).argmax(dim=1)

    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    images = X_train.view(-1, 1, 8, 8) / X_train.max()
    model = ConvNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(12):
        model.train()
        for idx in torch.randperm(len(images)).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(images[idx]), y_train[idx].long()).backward()
            optimizer.step()
    print("f1", f1_score(y_val.numpy(), Predictor(model)(X_val).numpy()))


@case("nan_features")
def standardise_constant_pixels(seed: int) -> None:
    class Standardizer:
        def fit(self, x: np.ndarray) -> "Standardizer":
            self.mean, self.std = x.mean(axis=0), x.std(axis=0)
            return self

        def transform(self, x: np.ndarray) -> Tensor:
            with np.errstate(all="ignore"):
                return torch.from_numpy((x - self.mean) / self.std)

    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    scaler = Standardizer().fit(X_train.numpy())
    train_x, val_x = scaler.transform(X_train.numpy()), scaler.transform(X_val.numpy())
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(10):
        for idx in torch.randperm(len(train_x)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(train_x[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = (model(val_x).squeeze(1) > 0).float()
    print("f1", f1_score(y_val, pred, zero_division=0))


@case("nan_loss")
def siamese_distance_sqrt(seed: int) -> None:
    class Siamese(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, 8))

        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return ((self.encoder(a) - self.encoder(b)) ** 2).sum(dim=1).sqrt()

    def contrastive(distance: Tensor, same: Tensor, margin: float = 2.0) -> Tensor:
        return (same * distance**2 + (1 - same) * F.relu(margin - distance) ** 2).mean()

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = Siamese(2)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        left, right = torch.randint(0, 600, (600,)), torch.randint(0, 600, (600,))
        for i, j in zip(left.split(32), right.split(32), strict=True):
            optimizer.zero_grad()
            same = (y_train[i] == y_train[j]).float()
            contrastive(model(X_train[i], X_train[j]), same).backward()
            optimizer.step()
    with torch.no_grad():
        a, b = torch.arange(0, 100), torch.arange(100, 200)
        near = model(X_val[a], X_val[b]) < 1.0
    print("pair accuracy", (near == (y_val[a] == y_val[b])).float().mean().item())


@case("nan_loss")
def log_likelihood_without_eps(seed: int) -> None:
    def negative_log_likelihood(p: Tensor, y: Tensor) -> Tensor:
        return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()

    class DeepClassifier(nn.Module):
        def __init__(self, n_in: int, width: int = 128, depth: int = 3) -> None:
            super().__init__()
            dims = [n_in] + [width] * depth
            self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(dims))
            self.out = nn.Linear(width, 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.hidden:
                x = F.relu(layer(x))
            return torch.sigmoid(self.out(x)).squeeze(-1)

    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = DeepClassifier(X_train.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    history = []
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = negative_log_likelihood(model(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.append(loss.item())
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0.5).float() == y_val).float().mean().item())


@case("unshuffled_data")
def sorted_by_class_loader(seed: int) -> None:
    def make_loader(x: Tensor, y: Tensor, batch_size: int = 20, shuffle: bool = False) -> DataLoader:
        return DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=shuffle)

    def by_folder(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.cat([x[y == c] for c in (0, 1)]), torch.cat([y[y == c] for c in (0, 1)])

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    train_loader = make_loader(*by_folder(X_train, y_train))
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _epoch in range(12):
        for xb, yb in train_loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("data_leakage")
def oversample_before_split(seed: int) -> None:
    def oversample(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        rare = np.flatnonzero(y == 1)
        extra = rng.choice(rare, size=(y == 0).sum() - len(rare))
        return np.concatenate([x, x[extra]]), np.concatenate([y, y[extra]])

    def split(n: int, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        order = rng.permutation(n)
        return order[: int(n * share)], order[int(n * share) :]

    rng = np.random.default_rng(seed)
    X, y, _, _ = data("credit_data", seed)
    x_all, y_all = oversample(X.numpy(), y.numpy(), rng)
    train, val = split(len(y_all), 0.7, rng)
    X_train, y_train = torch.tensor(x_all[train]), torch.tensor(y_all[train])
    X_val, y_val = torch.tensor(x_all[val]), torch.tensor(y_all[val])
    model = nn.Sequential(nn.Linear(X.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb.long()).backward()
            optimizer.step()
    with torch.no_grad():
        print("val auc", roc_auc_score(y_val, model(X_val).softmax(1)[:, 1]))


@case("augmentation_too_heavy")
def compose_with_large_jitter(seed: int) -> None:
    class Compose:
        def __init__(self, *steps: Callable[[Tensor], Tensor]) -> None:
            self.steps = steps

        def __call__(self, x: Tensor) -> Tensor:
            for step in self.steps:
                x = step(x)
            return x

    @dataclass
    class Jitter:
        sigma: float = 2.5

        def __call__(self, x: Tensor) -> Tensor:
            return x + self.sigma * torch.randn_like(x)

    X_train, y_train, X_val, y_val = data("moons", seed)
    augment = Compose(Jitter(), lambda x: x * torch.empty(len(x), 1).uniform_(0.95, 1.05))
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(40):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(augment(X_train[idx])), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("padding_not_masked")
def rnn_reads_last_column(seed: int) -> None:
    class ReviewRNN(nn.Module):
        def __init__(self, vocab_size: int = 40, dim: int = 16, hidden: int = 24) -> None:
            super().__init__()
            self.embedding = nn.Embedding(vocab_size, dim)
            self.rnn = nn.RNN(dim, hidden, batch_first=True)
            self.fc = nn.Linear(hidden, 1)

        def forward(self, tokens: Tensor) -> Tensor:
            out, _ = self.rnn(self.embedding(tokens))
            return self.fc(out[:, -1]).squeeze(1)

    tokens, _lengths, labels = load_reviews(seed)
    train_set = TensorDataset(tokens[:600], labels[:600])
    model = ReviewRNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(8):
        for xb, yb in DataLoader(train_set, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val auc", roc_auc_score(labels[600:], model(tokens[600:])))


@case("wrong_axis")
def lstm_without_batch_first_in_a_program(seed: int) -> None:
    class SensorLSTM(nn.Module):
        def __init__(self, n_features: int = 2, hidden: int = 24) -> None:
            super().__init__()
            self.lstm = nn.LSTM(n_features, hidden)
            self.head = nn.Linear(hidden, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.lstm(x)
            return self.head(out[:, -1, :]).squeeze(-1)

    def evaluate(model: nn.Module, loader: DataLoader) -> float:
        model.eval()
        scores, labels = [], []
        with torch.no_grad():
            for x, y in loader:
                scores.append(model(x))
                labels.append(y)
        return roc_auc_score(torch.cat(labels), torch.cat(scores))

    X, y = load_sensors(seed)
    train_loader = DataLoader(TensorDataset(X[:600], y[:600]), batch_size=30, shuffle=True)
    val_loader = DataLoader(TensorDataset(X[600:], y[600:]), batch_size=50)
    model = SensorLSTM()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(12):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    print("auc", evaluate(model, val_loader))


@case("wrong_axis")
def view_instead_of_transpose(seed: int) -> None:
    class TwoViews(nn.Module):
        """Encode the two groups of columns apart, then classify both codes together."""

        def __init__(self, half: int, dim: int = 16) -> None:
            super().__init__()
            self.encoders = nn.ModuleList(nn.Sequential(nn.Linear(half, dim), nn.ReLU()) for _ in range(2))
            self.head = nn.Sequential(nn.Linear(2 * dim, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, x: Tensor) -> Tensor:
            codes = torch.stack([enc(part) for enc, part in zip(self.encoders, x.chunk(2, dim=1), strict=True)])
            return self.head(codes.view(len(x), -1)).squeeze(1)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = TwoViews(X_train.shape[1] // 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(40):
        model.train()
        for idx in torch.randperm(len(X_train)).split(31):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val)))


@case("wrong_axis")
def transformer_attends_over_batch(seed: int) -> None:
    class TokenTransformer(nn.Module):
        def __init__(self, vocab: int = 40, dim: int = 16, heads: int = 2) -> None:
            super().__init__()
            self.tok = nn.Embedding(vocab, dim)
            self.pos = nn.Parameter(torch.randn(13, dim) * 0.02)
            layer = nn.TransformerEncoderLayer(d_model=dim, nhead=heads, dim_feedforward=32, dropout=0.0)
            self.encoder = nn.TransformerEncoder(layer, num_layers=1)
            self.cls = nn.Parameter(torch.zeros(1, 1, dim))
            self.head = nn.Linear(dim, 1)

        def forward(self, ids: Tensor) -> Tensor:
            h = self.tok(ids) + self.pos
            h = torch.cat([self.cls.expand(len(ids), -1, -1), h], dim=1)
            return self.head(self.encoder(h)[:, 0]).squeeze(1)

    ids, _, y = load_reviews(seed)
    ids = ids[:, :13]
    model = TokenTransformer()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(10):
        model.train()
        for idx in torch.randperm(600).split(25):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(ids[idx]), y[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(y[600:], model(ids[600:])))


@case("no_zero_grad")
def trainer_with_accumulation_option(seed: int) -> None:
    class Trainer:
        def __init__(self, model: nn.Module, lr: float = 0.02, accumulate: int = 1) -> None:
            self.model = model
            self.optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
            self.accumulate = accumulate
            self.steps = 0

        def step(self, loss: Tensor) -> None:
            (loss / self.accumulate).backward()
            self.steps += 1
            if self.steps % self.accumulate == 0:
                self.optimizer.step()
                if self.accumulate > 1:
                    self.optimizer.zero_grad()

        def fit(self, loader: DataLoader, epochs: int) -> None:
            self.optimizer.zero_grad()
            for _ in range(epochs):
                for xb, yb in loader:
                    self.step(F.binary_cross_entropy_with_logits(self.model(xb).flatten(), yb))

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    trainer = Trainer(model)
    trainer.fit(DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True), epochs=40)
    with torch.no_grad():
        pred = (model(X_val).flatten() > 0).float()
    print("val accuracy", (pred == y_val).float().mean().item())


@case("no_optimizer_step")
def accumulation_longer_than_epoch(seed: int) -> None:
    config = {"batch_size": 16, "accumulation_steps": 64, "epochs": 20, "lr": 2e-3}

    def train_one_epoch(model: nn.Module, loader: DataLoader, optimizer: torch.optim.Optimizer) -> float:
        model.train()
        optimizer.zero_grad()
        total = 0.0
        for i, (xb, yb) in enumerate(loader):
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            if (i + 1) % config["accumulation_steps"] == 0:
                optimizer.step()
                optimizer.zero_grad()
            total += loss.item()
        return total / len(loader)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    dataset = TensorDataset(X_train, y_train.long())
    loader = DataLoader(dataset, batch_size=config["batch_size"], shuffle=True)
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
    losses = [train_one_epoch(model, loader, optimizer) for _ in range(config["epochs"])]
    model.eval()
    with torch.no_grad():
        pred = model(X_val).argmax(dim=1)
    print(f"{losses[-1]:.3f}, val accuracy {(pred == y_val).float().mean().item():.3f}")


@case("optimizer_wrong_params")
def model_rebuilt_after_optimizer(seed: int) -> None:
    class Experiment:
        def __init__(self, params: dict[str, float]) -> None:
            self.params = params
            self.model = self.build()
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=params["lr"])

        def build(self) -> nn.Module:
            width = int(self.params["width"])
            return nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Linear(width, 1), nn.Flatten(0))

        def reset(self) -> None:
            self.model = self.build()
            self.losses: list[float] = []

        def run(self, x: Tensor, y: Tensor) -> "Experiment":
            self.reset()
            for _ in range(int(self.params["epochs"])):
                for idx in torch.randperm(len(x)).split(32):
                    self.optimizer.zero_grad()
                    loss = F.binary_cross_entropy_with_logits(self.model(x[idx]), y[idx])
                    loss.backward()
                    self.optimizer.step()
                    self.losses.append(loss.item())
            return self

    X_train, y_train, X_val, y_val = data("clouds", seed)
    experiment = Experiment({"lr": 2e-3, "epochs": 20, "width": 32}).run(X_train, y_train)
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, experiment.model(X_val)))


@case("optimizer_wrong_params")
def trainable_generator_gives_head_only(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 6), nn.Tanh())
            self.classifier = nn.Linear(6, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.classifier(self.encoder(x)).squeeze(1)

        def trainable(self) -> Iterator[nn.Parameter]:
            yield from self.classifier.parameters()

    X_train, y_train, X_val, y_val = data("circles", seed)
    model = Net()
    optimizer = torch.optim.Adam(model.trainable(), lr=0.01)
    best_loss, best_state = math.inf, None
    for _ in range(40):
        model.train()
        for idx in torch.randperm(len(X_train)).split(40):
            optimizer.zero_grad(set_to_none=True)
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(model(X_val), y_val).item()
        if val_loss < best_loss:
            best_loss, best_state = val_loss, copy.deepcopy(model.state_dict())
    model.load_state_dict(best_state)
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("frozen_params")
def freeze_backbone_of_a_fresh_net(seed: int) -> None:
    class Backbone(nn.Module):
        def __init__(self, frozen: bool = True) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 4), nn.ReLU())
            if frozen:
                for p in self.parameters():
                    p.requires_grad = False

        def forward(self, x: Tensor) -> Tensor:
            return self.layers(x)

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.backbone = Backbone()
            self.head = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.backbone(x))

    X_train, y_train, X_val, y_val = data("circles", seed)
    model = Classifier()
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("unregistered_params")
def residual_blocks_in_list(seed: int) -> None:
    class Block(nn.Module):
        def __init__(self, dim: int) -> None:
            super().__init__()
            self.fc = nn.Linear(dim, dim)

        def forward(self, x: Tensor) -> Tensor:
            return torch.tanh(self.fc(x))

    class BlockNet(nn.Module):
        def __init__(self, n_in: int, dim: int = 5, depth: int = 2) -> None:
            super().__init__()
            self.blocks = [nn.Sequential(nn.Linear(n_in, dim), nn.Tanh())]
            self.blocks += [Block(dim) for _ in range(depth)]
            self.head = nn.Linear(dim, 1)

        def forward(self, x: Tensor) -> Tensor:
            for block in self.blocks:
                x = block(x)
            return self.head(x).view(-1)

    X_train, y_train, X_val, y_val = data("circles", seed)
    model = BlockNet(2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    for _ in range(50):
        for idx in torch.randperm(600).split(40):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0) == (y_val == 1)).float().mean().item())


@case("layer_in_forward")
def projection_created_on_the_fly(seed: int) -> None:
    class FlexibleNet(nn.Module):
        """Accepts inputs of any width."""

        def __init__(self, hidden: int = 16) -> None:
            super().__init__()
            self.hidden = hidden
            self.middle = nn.Linear(hidden, hidden)
            self.out = nn.Linear(hidden, 1)

        def forward(self, x: Tensor) -> Tensor:
            project = nn.Linear(x.shape[1], self.hidden)
            h = F.relu(project(x))
            return self.out(F.relu(self.middle(h))).squeeze(1)

    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = FlexibleNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val)))


@case("graph_detached")
def features_cached_by_hook_helper(seed: int) -> None:
    class FeatureExtractor(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 6), nn.Tanh())
            self.cache: dict[str, Tensor] = {}

        def forward(self, x: Tensor) -> Tensor:
            self.cache["last"] = self.net(x).detach()
            return self.cache["last"]

    class Pipeline(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.extract = FeatureExtractor()
            self.score = nn.Linear(6, 1)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            features = self.extract(x)
            return self.score(features).squeeze(1), features

    X_train, y_train, X_val, y_val = data("circles", seed)
    pipeline = Pipeline()
    opt = torch.optim.Adam(pipeline.parameters(), lr=0.01)
    for _ in range(40):
        for idx in torch.randperm(600).split(32):
            opt.zero_grad()
            logits, _ = pipeline(X_train[idx])
            F.binary_cross_entropy_with_logits(logits, y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        logits, _ = pipeline(X_val)
    print("accuracy", ((logits > 0).float() == y_val).float().mean().item())


@case("nondifferentiable_output")
def hard_decision_in_forward(seed: int) -> None:
    class HardClassifier(nn.Module):
        def __init__(self, n_in: int, digits: int = 0) -> None:
            super().__init__()
            self.digits = digits
            self.body = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, 1))

        def tidy(self, p: Tensor) -> Tensor:
            return torch.round(p * 10**self.digits) / 10**self.digits

        def forward(self, x: Tensor) -> Tensor:
            return self.tidy(torch.sigmoid(self.body(x))).squeeze(1)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = HardClassifier(30)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (model(X_val) == y_val).float().mean().item())


@case("lr_too_high")
def grid_value_of_learning_rate(seed: int) -> None:
    grid = {"optimizer": "adam", "lr": 1, "hidden": 64, "epochs": 15}
    optimizers = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}

    def fit(params: dict, x: Tensor, y: Tensor) -> nn.Module:
        net = nn.Sequential(
            nn.Linear(x.shape[1], params["hidden"]),
            nn.ReLU(),
            nn.Linear(params["hidden"], params["hidden"]),
            nn.ReLU(),
            nn.Linear(params["hidden"], 1),
        )
        optimizer = optimizers[params["optimizer"]](net.parameters(), lr=params["lr"])
        for _ in range(params["epochs"]):
            for idx in torch.randperm(len(x)).split(32):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(net(x[idx]).squeeze(1), y[idx]).backward()
                optimizer.step()
        return net

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    net = fit(grid, X_train, y_train)
    with torch.no_grad():
        print("val auc", roc_auc_score(y_val, torch.nan_to_num(net(X_val).squeeze(1))))


@case("lr_too_low")
def learning_rate_divided_twice(seed: int) -> None:
    @dataclass
    class Config:
        base_lr: float = 1e-3
        batch_size: int = 32
        epochs: int = 15

        @property
        def lr(self) -> float:
            return self.base_lr * self.batch_size / 256 / 256

    cfg = Config()
    X_train, y_train, X_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    for _ in range(cfg.epochs):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=cfg.batch_size, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("undertrained")
def return_inside_epoch_loop(seed: int) -> None:
    class Trainer:
        def __init__(self, model: nn.Module, epochs: int = 20) -> None:
            self.model, self.epochs = model, epochs
            self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

        def fit(self, loader: DataLoader) -> list[float]:
            losses = []
            for _ in range(self.epochs):
                for xb, yb in loader:
                    self.optimizer.zero_grad()
                    loss = F.binary_cross_entropy_with_logits(self.model(xb).squeeze(1), yb)
                    loss.backward()
                    self.optimizer.step()
                    losses.append(loss.item())
                return losses
            return losses

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    Trainer(model, epochs=100).fit(DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True))
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("scheduler_misuse")
def step_lr_called_per_batch(seed: int) -> None:
    class SchedulerCallback:
        def __init__(self, optimizer: torch.optim.Optimizer) -> None:
            self.scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.5)

        def on_batch_end(self) -> None:
            self.scheduler.step()

        def on_epoch_end(self) -> None:
            pass

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    callbacks = [SchedulerCallback(optimizer)]
    for _epoch in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
            for callback in callbacks:
                callback.on_batch_end()
        for callback in callbacks:
            callback.on_epoch_end()
    with torch.no_grad():
        print("val acc", (model(X_val).argmax(dim=1) == y_val).float().mean().item())


@case("scheduler_misuse")
def lambda_schedule_in_steps(seed: int) -> None:
    settings = {"epochs": 15, "warmup": 3, "lr": 2e-3}

    def schedule(step: int) -> float:
        if step < settings["warmup"]:
            return (step + 1) / settings["warmup"]
        done = (step - settings["warmup"]) / (settings["epochs"] - settings["warmup"])
        return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))

    X_train, y_train, X_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1), nn.Flatten(0))
    optimizer = torch.optim.AdamW(net.parameters(), lr=settings["lr"])
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)
    lrs = []
    for _ in range(settings["epochs"]):
        net.train()
        for idx in torch.randperm(len(X_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(net(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            lrs.append(scheduler.get_last_lr()[0])
    net.eval()
    with torch.no_grad():
        print("val acc", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("vanishing_gradients")
def deep_sigmoid_builder(seed: int) -> None:
    def make_mlp(n_in: int, width: int = 24, depth: int = 8, act: type[nn.Module] = nn.Sigmoid) -> nn.Sequential:
        layers: list[nn.Module] = []
        for _ in range(depth):
            layers += [nn.Linear(n_in, width), act()]
            n_in = width
        return nn.Sequential(*layers, nn.Linear(n_in, 1))

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = make_mlp(2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _ in range(40):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("dead_relu")
def conv_bias_initialised_negative(seed: int) -> None:
    class DigitNet(nn.Module):
        def __init__(self, sparsity_bias: float = -6.0) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 8, 3, padding=1)
            self.fc = nn.Linear(8 * 16, 32)
            self.out = nn.Linear(32, 1)
            nn.init.constant_(self.fc.bias, sparsity_bias)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1)
            return self.out(F.relu(self.fc(x))).squeeze(1)

    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    images, val_images = X_train.view(-1, 1, 8, 8) / 16, X_val.view(-1, 1, 8, 8) / 16
    model = DigitNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(12):
        for idx in torch.randperm(len(images)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(images[idx]), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("val auc", roc_auc_score(y_val, model(val_images)))


@case("bad_init")
def init_weights_constant(seed: int) -> None:
    def init_weights(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.constant_(module.weight, 0.1)
            nn.init.zeros_(module.bias)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 1)
            self.apply(init_weights)

        def forward(self, x: Tensor) -> Tensor:
            return self.c(torch.tanh(self.b(torch.tanh(self.a(x))))).squeeze(1)

    X_train, y_train, X_val, y_val = data("circles", seed)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("bad_init")
def normal_init_with_std_in_config(seed: int) -> None:
    config = {"init_std": 3.0, "lr": 1e-3, "epochs": 20, "hidden": [64, 64]}

    class InitMLP(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            widths = [n_in, *config["hidden"]]
            self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in pairwise(widths)])
            self.final = nn.Linear(widths[-1], 2)
            for p in self.parameters():
                if p.dim() > 1:
                    nn.init.normal_(p, std=config["init_std"])

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layers:
                x = F.relu(layer(x))
            return self.final(x)

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = InitMLP(X_train.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
    for _ in range(config["epochs"]):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
            optimizer.step()
    with torch.no_grad():
        out = model(X_val)
    print("val auc", roc_auc_score(y_val, out[:, 1] - out[:, 0]))


@case("regularisation_too_strong")
def l1_penalty_summed_over_parameters(seed: int) -> None:
    class Regularizer:
        def __init__(self, strength: float = 0.05) -> None:
            self.strength = strength

        def __call__(self, model: nn.Module) -> Tensor:
            return self.strength * sum(p.abs().sum() for p in model.parameters())

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    penalty = Regularizer()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(model(xb), yb) + penalty(model)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("regularisation_too_strong")
def dropout_keep_probability(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self, n_in: int, keep: float = 0.95) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(n_in, 32), nn.Linear(32, 32)
            self.drop = nn.Dropout(keep)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(F.relu(self.fc1(x)))
            x = self.drop(F.relu(self.fc2(x)))
            return self.out(x).squeeze(1)

    X_train, y_train, X_val, y_val = data("moons", seed)
    net = Net(2)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        net.train()
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        print("acc", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("overfitting")
def early_stopping_on_training_loss(seed: int) -> None:
    class EarlyStopping:
        def __init__(self, patience: int = 10) -> None:
            self.patience, self.count, self.best = patience, 0, math.inf
            self.state: dict | None = None

        def step(self, loss: float, model: nn.Module) -> bool:
            if loss < self.best:
                self.best, self.count, self.state = loss, 0, copy.deepcopy(model.state_dict())
            else:
                self.count += 1
            return self.count > self.patience

    X_train, y_train, X_val, y_val = data("clouds", seed)
    hidden = nn.Sequential(nn.Linear(8, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU())
    model = nn.Sequential(hidden, nn.Linear(128, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    stopper = EarlyStopping()
    for _ in range(50):
        epoch_loss = 0.0
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item()
        if stopper.step(epoch_loss, model):
            break
    model.load_state_dict(stopper.state)
    with torch.no_grad():
        p = torch.sigmoid(model(X_val).double())
    print("val log loss", log_loss(y_val.numpy(), p.numpy()))


@case("underfitting")
def autoencoder_style_bottleneck(seed: int) -> None:
    params = {"encoder": [1], "decoder": [16], "lr": 0.01, "epochs": 50}

    class Hourglass(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            widths = [n_in, *params["encoder"], *params["decoder"]]
            self.layers = nn.Sequential()
            for i, (a, b) in enumerate(pairwise(widths)):
                self.layers.add_module(f"fc{i}", nn.Linear(a, b))
                self.layers.add_module(f"act{i}", nn.Tanh())
            self.out = nn.Linear(widths[-1], 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.layers(x)).squeeze(1)

    X_train, y_train, X_val, y_val = data("circles", seed)
    model = Hourglass(2)
    optimizer = torch.optim.Adam(model.parameters(), lr=params["lr"])
    for _ in range(params["epochs"]):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("train_mode_missing")
def evaluation_leaves_model_in_eval(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(n_in)
            self.fc1, self.drop, self.fc2 = nn.Linear(n_in, 64), nn.Dropout(0.2), nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(self.drop(F.relu(self.fc1(self.norm(x))))).squeeze(1)

    class Trainer:
        def __init__(self, model: nn.Module, x: Tensor, y: Tensor) -> None:
            self.model, self.x, self.y = model, x, y
            self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
            self.scores: list[float] = []

        def evaluate(self) -> float:
            self.model.eval()
            with torch.no_grad():
                self.scores.append(roc_auc_score(self.y, self.model(self.x)))
            return self.scores[-1]

        def fit(self, loader: DataLoader, epochs: int) -> None:
            self.evaluate()
            for _ in range(epochs):
                for xb, yb in loader:
                    self.optimizer.zero_grad()
                    F.binary_cross_entropy_with_logits(self.model(xb), yb).backward()
                    self.optimizer.step()
                self.evaluate()

    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    trainer = Trainer(Net(X_train.shape[1]), X_val, y_val)
    trainer.fit(DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True), epochs=15)
    print("auc", trainer.scores[-1])


@case("eval_mode_missing")
def copied_evaluation_function(seed: int) -> None:
    class ConvClassifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv1d(2, 16, 5), nn.ReLU(), nn.Dropout(0.75), nn.Conv1d(16, 16, 5), nn.ReLU(), nn.Dropout(0.75)
            )
            self.fc = nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(self.body(x.permute(0, 2, 1)).amax(dim=2))

    def run(model: nn.Module, loader: DataLoader, optimizer: torch.optim.Optimizer | None = None) -> float:
        hits = seen = 0
        model.train()
        with torch.set_grad_enabled(optimizer is not None):
            for xb, yb in loader:
                out = model(xb)
                if optimizer is not None:
                    loss = F.cross_entropy(out, yb)
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                hits += (out.argmax(1) == yb).sum().item()
                seen += len(yb)
        return hits / seen

    X, y = load_sensors(seed)
    train_loader = DataLoader(TensorDataset(X[:600], y[:600].long()), batch_size=32, shuffle=True)
    val_loader = DataLoader(TensorDataset(X[600:], y[600:].long()), batch_size=100)
    model = ConvClassifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    train_acc = [run(model, train_loader, optimizer) for _ in range(15)]
    print(f"train {train_acc[-1]:.3f} val accuracy {run(model, val_loader):.3f}")


@case("eval_mode_missing")
def single_row_service_with_batchnorm(seed: int) -> None:
    class ScoringService:
        def __init__(self, model: nn.Module, group: int = 4) -> None:
            self.model, self.group = model, group

        def score(self, rows: Tensor) -> Tensor:
            with torch.no_grad():
                return torch.cat([torch.sigmoid(self.model(part)).squeeze(1) for part in rows.split(self.group)])

    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    net = nn.Sequential(
        nn.Linear(X_train.shape[1], 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True)
    for _ in range(15):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            optimizer.step()
    scores = ScoringService(net).score(X_val)
    print("val auc", roc_auc_score(y_val, scores))


@case("functional_dropout")
def gru_with_functional_dropout(seed: int) -> None:
    class ReviewGRU(nn.Module):
        def __init__(self, vocab: int = 40, dim: int = 24, p: float = 0.5) -> None:
            super().__init__()
            self.p = p
            self.embed = nn.Embedding(vocab, dim, padding_idx=0)
            self.gru = nn.GRU(dim, dim, batch_first=True)
            self.fc = nn.Linear(dim, 1)

        def forward(self, ids: Tensor) -> Tensor:
            lengths = (ids > 0).sum(dim=1)
            out, _ = self.gru(F.dropout(self.embed(ids), self.p))
            last = out[torch.arange(len(ids)), lengths - 1]
            return self.fc(F.dropout(last, self.p)).squeeze(1)

    ids, _, y = load_reviews(seed)
    ids = ids[:, :12]
    model = ReviewGRU()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(10):
        model.train()
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(ids[idx]), y[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val accuracy", ((model(ids[600:]) > 0).float() == y[600:]).float().mean().item())


@case("functional_dropout")
def dropout_helper_default_training(seed: int) -> None:
    def regularise(h: Tensor, rate: float = 0.6, training: bool = True) -> Tensor:
        return F.dropout(h, p=rate, training=training)

    class MLP(nn.Module):
        def __init__(self, sizes: list[int]) -> None:
            super().__init__()
            self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

        def forward(self, x: Tensor) -> Tensor:
            for linear in self.linears[:-1]:
                x = regularise(F.relu(linear(x)))
            return self.linears[-1](x)

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = MLP([2, 32, 32, 2])
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("acc", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("batchnorm_stats")
def tiny_batchnorm_momentum_in_a_program(seed: int) -> None:
    config = {"hidden": 32, "bn_momentum": 1e-5, "lr": 2e-3, "epochs": 20}

    def block(n_in: int, n_out: int) -> list[nn.Module]:
        return [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out, momentum=config["bn_momentum"]), nn.ReLU()]

    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(*block(57, config["hidden"]), *block(config["hidden"], config["hidden"]))
    model.append(nn.Linear(config["hidden"], 1)).append(nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
    for _ in range(config["epochs"]):
        model.train()
        for idx in torch.randperm(len(X_train)).split(40):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("batch_size_too_small")
def batches_of_two_with_batchnorm(seed: int) -> None:
    @dataclass
    class Config:
        batch_size: int = 2
        lr: float = 1e-3
        epochs: int = 2

    class BNNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.bn1 = nn.Linear(2, 32), nn.BatchNorm1d(32)
            self.fc2, self.bn2 = nn.Linear(32, 32), nn.BatchNorm1d(32)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.bn1(self.fc1(x)))
            return self.out(F.relu(self.bn2(self.fc2(x)))).squeeze(1)

    cfg = Config()
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = BNNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for _ in range(cfg.epochs):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=cfg.batch_size, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("threshold_on_logits")
def metric_class_with_half_threshold(seed: int) -> None:
    class Recall:
        def __init__(self, threshold: float = 0.5) -> None:
            self.threshold, self.tp, self.fn = threshold, 0, 0

        def update(self, output: Tensor, target: Tensor) -> None:
            guess = output > self.threshold
            self.tp += int((guess & (target == 1)).sum())
            self.fn += int((~guess & (target == 1)).sum())

        def compute(self) -> float:
            return self.tp / max(self.tp + self.fn, 1)

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    weight = (y_train == 0).sum() / (y_train == 1).sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(10):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    recall = Recall()
    with torch.no_grad():
        for xb, yb in DataLoader(TensorDataset(X_val, y_val), batch_size=200):
            recall.update(model(xb), yb)
    print("recall", recall.compute())


@case("threshold_on_logits")
def rounded_logits_of_weak_scores(seed: int) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            score = self.net(x).squeeze(1)
            return score, score.detach().clamp(0, 1).round()

    def accuracy_score(pred: Tensor, true: Tensor) -> float:
        return (pred == true).float().mean().item()

    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=3e-2)
    for _ in range(6):
        for idx in torch.randperm(600).split(32):
            score, _ = model(X_train[idx])
            loss = F.binary_cross_entropy_with_logits(score, y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        _, pred = model(X_val)
    print("accuracy", accuracy_score(pred, y_val))


@case("argmax_single_output")
def evaluation_from_multiclass_tutorial(seed: int) -> None:
    def evaluate(net: nn.Module, loader: DataLoader) -> float:
        net.eval()
        correct = total = 0
        with torch.no_grad():
            for inputs, labels in loader:
                outputs = net(inputs)
                _, predicted = torch.max(outputs.data, 1)
                total += labels.size(0)
                correct += (predicted == labels).sum().item()
        return correct / total

    class LeNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 6, 3, padding=1)
            self.pool = nn.MaxPool2d(2)
            self.conv2 = nn.Conv2d(6, 16, 3, padding=1)
            self.fc1, self.fc2 = nn.Linear(64, 32), nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.pool(F.relu(self.conv1(x)))
            x = self.pool(F.relu(self.conv2(x)))
            return self.fc2(F.relu(self.fc1(x.flatten(1))))

    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    train_set = TensorDataset(X_train.view(-1, 1, 8, 8) / 16, y_train)
    val_set = TensorDataset(X_val.view(-1, 1, 8, 8) / 16, y_val)
    net = LeNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(10):
        net.train()
        for inputs, labels in DataLoader(train_set, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(inputs), labels.unsqueeze(1)).backward()
            optimizer.step()
    print("accuracy", evaluate(net, DataLoader(val_set, batch_size=100)))


@case("accuracy_broadcast")
def numpy_metric_with_column(seed: int) -> None:
    class Metrics:
        @staticmethod
        def accuracy(y_true: np.ndarray, y_pred: np.ndarray) -> float:
            return float((y_true == y_pred).mean())

    class Estimator:
        def __init__(self, n_in: int) -> None:
            self.net = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, 1))

        def fit(self, x: Tensor, y: Tensor, epochs: int = 25) -> None:
            opt = torch.optim.Adam(self.net.parameters(), lr=2e-3)
            for _ in range(epochs):
                for idx in torch.randperm(len(x)).split(32):
                    opt.zero_grad()
                    F.binary_cross_entropy_with_logits(self.net(x[idx]), y[idx].reshape(-1, 1)).backward()
                    opt.step()

        def predict(self, x: Tensor) -> np.ndarray:
            with torch.no_grad():
                return (self.net(x).numpy() > 0).astype(int)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    estimator = Estimator(30)
    estimator.fit(X_train, y_train)
    print("accuracy", Metrics.accuracy(y_val.numpy().astype(int), estimator.predict(X_val)))


@case("accuracy_broadcast")
def running_accuracy_in_loader(seed: int) -> None:
    def validate(model: nn.Module, loader: DataLoader) -> float:
        model.eval()
        scores = []
        with torch.no_grad():
            for x, y in loader:
                probs = torch.sigmoid(model(x))
                scores.append(((probs > 0.5) == y).float().mean().item())
        return sum(scores) / len(scores)

    X_train, y_train, X_val, y_val = data("moons", seed)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    val_loader = DataLoader(TensorDataset(X_val, y_val), batch_size=50)
    model = nn.Sequential(nn.Linear(2, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    log = {"loss": [], "val_acc": []}
    for _ in range(20):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x), y[:, None])
            loss.backward()
            optimizer.step()
            log["loss"].append(loss.item())
        log["val_acc"].append(validate(model, val_loader))
    print("val acc", log["val_acc"][-1])


@case("softmax_wrong_dim")
def predict_proba_over_rows(seed: int) -> None:
    class Wrapper:
        def __init__(self, net: nn.Module, dim: int = 0) -> None:
            self.net, self.dim = net, dim

        @torch.no_grad()
        def predict_proba(self, x: Tensor) -> np.ndarray:
            self.net.eval()
            return torch.softmax(self.net(x), dim=self.dim).numpy()

        def predict(self, x: Tensor) -> np.ndarray:
            return (self.predict_proba(x)[:, 1] > 0.5).astype(int)

    X_train, y_train, X_val, y_val = data("spambase", seed)
    wrapper = Wrapper(nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 2)))
    optimizer = torch.optim.Adam(wrapper.net.parameters(), lr=1e-3)
    for _ in range(15):
        wrapper.net.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(wrapper.net(xb), yb).backward()
            optimizer.step()
    print("accuracy", (wrapper.predict(X_val) == y_val.numpy()).mean())


@case("softmax_wrong_dim")
def log_softmax_inside_ensemble(seed: int) -> None:
    class Ensemble(nn.Module):
        """Average the log probabilities of some members."""

        def __init__(self, n_in: int, members: int = 3) -> None:
            super().__init__()
            self.members = nn.ModuleList(
                nn.Sequential(nn.Linear(n_in, 16), nn.ReLU(), nn.Linear(16, 2)) for _ in range(members)
            )
            self.log_prob = nn.LogSoftmax(dim=0)

        def forward(self, x: Tensor) -> Tensor:
            return torch.stack([self.log_prob(member(x)) for member in self.members]).mean(dim=0)

    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model, nll = Ensemble(X_train.shape[1]), nn.NLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            nll(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        pred = model(X_val).argmax(dim=1)
    print("accuracy", (pred == y_val.long()).float().mean().item())


@case("healthy")
def random_fourier_features_frozen(seed: int) -> None:
    class RandomFeatures(nn.Module):
        """Random features stay as drawn; only the linear model on top learns."""

        def __init__(self, n_in: int, n_out: int = 200, gamma: float = 1.0) -> None:
            super().__init__()
            self.project = nn.Linear(n_in, n_out).requires_grad_(False)
            nn.init.normal_(self.project.weight, std=gamma)
            nn.init.uniform_(self.project.bias, 0, 2 * math.pi)

        def forward(self, x: Tensor) -> Tensor:
            return torch.cos(self.project(x))

    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(RandomFeatures(2), nn.Linear(200, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def two_optimizers_encoder_and_head(seed: int) -> None:
    class TwoPart(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(n_in, 32), nn.LayerNorm(32), nn.ReLU())
            self.head = nn.Linear(32, 2)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            code = self.encoder(x)
            return {"code": code, "logits": self.head(code)}

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = TwoPart(X_train.shape[1])
    optimizers = [
        torch.optim.AdamW(model.encoder.parameters(), lr=1e-3, weight_decay=1e-2),
        torch.optim.SGD(model.head.parameters(), lr=0.02, momentum=0.9),
    ]
    for _ in range(10):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            loss = F.cross_entropy(model(X_train[idx])["logits"], y_train[idx].long())
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val auc", roc_auc_score(y_val, model(X_val)["logits"].softmax(dim=1)[:, 1]))


@case("healthy")
def parameter_groups_without_decay(seed: int) -> None:
    def groups(model: nn.Module, decay: float) -> list[dict]:
        matrices = [p for p in model.parameters() if p.dim() > 1]
        vectors = [p for p in model.parameters() if p.dim() <= 1]
        return [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0, "lr": 5e-4}]

    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 48), nn.BatchNorm1d(48), nn.SiLU(), nn.Dropout(0.2), nn.Linear(48, 1))
    optimizer = torch.optim.AdamW(groups(model, 0.05), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=[4e-3, 1e-3], total_steps=15 * 30)
    for _ in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
            scheduler.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def custom_autograd_function(seed: int) -> None:
    class StraightThroughSign(torch.autograd.Function):
        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return torch.where(x >= 0, 1.0, -1.0)

        @staticmethod
        def backward(ctx: torch.autograd.function.FunctionCtx, grad: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            return grad * (x.abs() <= 1).float()

    class BinaryActivationNet(nn.Module):
        def __init__(self, n_in: int, hidden: int = 64) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(n_in)
            self.fc1, self.fc2 = nn.Linear(n_in, hidden), nn.Linear(hidden, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(StraightThroughSign.apply(self.fc1(self.norm(x)))).squeeze(1)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = BinaryActivationNet(30)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(30):
        model.train()
        for idx in torch.randperm(len(X_train)).split(31):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val)))


@case("healthy")
def stable_formula_of_the_loss(seed: int) -> None:
    class LogisticLoss(nn.Module):
        def forward(self, z: Tensor, y: Tensor) -> Tensor:
            return (z.clamp_min(0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()

    class ConvNet(nn.Sequential):
        def __init__(self, channels: int = 8) -> None:
            super().__init__(
                nn.Unflatten(1, (1, 8, 8)),
                nn.Conv2d(1, channels, 3, padding=1),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Linear(channels * 16, 32),
                nn.ReLU(),
                nn.Linear(32, 1),
                nn.Flatten(0),
            )

    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    model, criterion = ConvNet(), LogisticLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(12):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx] / 16), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val / 16)))


@case("healthy")
def gradient_accumulation_with_leftover(seed: int) -> None:
    class Accumulator:
        def __init__(self, optimizer: torch.optim.Optimizer, every: int = 2) -> None:
            self.optimizer, self.every, self.count = optimizer, every, 0

        def backward(self, loss: Tensor, last: bool) -> None:
            (loss / self.every).backward()
            self.count += 1
            if self.count % self.every == 0 or last:
                self.optimizer.step()
                self.optimizer.zero_grad()

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    accumulator = Accumulator(torch.optim.Adam(model.parameters(), lr=4e-3))
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)
    for _ in range(25):
        for i, (xb, yb) in enumerate(loader):
            accumulator.backward(F.binary_cross_entropy_with_logits(model(xb), yb), last=i == len(loader) - 1)
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def smoothed_targets_for_churn(seed: int) -> None:
    def smooth(y: Tensor, eps: float = 0.1) -> Tensor:
        return y * (1 - eps) + 0.5 * eps

    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1), nn.Flatten(0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    for _ in range(12):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(model(xb), smooth(yb))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val)))


@case("healthy")
def sigmoid_only_in_eval_mode(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x: Tensor) -> Tensor:
            z = self.layers(x).squeeze(-1)
            return z if self.training else torch.sigmoid(z)

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    net = Net(X_train.shape[1])
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    history: list[dict[str, float]] = []
    for epoch in range(10):
        net.train()
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            history.append({"epoch": epoch, "val": F.binary_cross_entropy(net(X_val), y_val).item()})
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0.5).float() == y_val).float().mean().item())


@case("healthy")
def ema_weights_for_evaluation(seed: int) -> None:
    class EMA:
        def __init__(self, model: nn.Module, decay: float = 0.98) -> None:
            self.shadow = copy.deepcopy(model).eval().requires_grad_(False)
            self.decay = decay

        @torch.no_grad()
        def update(self, model: nn.Module) -> None:
            for slow, fast in zip(self.shadow.parameters(), model.parameters(), strict=True):
                slow.lerp_(fast, 1 - self.decay)

    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 24), nn.Tanh(), nn.Linear(24, 1), nn.Flatten(0))
    ema = EMA(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
            ema.update(model)
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, ema.shadow(X_val)))


@case("healthy")
def warm_restarts_with_snapshots(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=10)
    snapshots: list[dict[str, Tensor]] = []
    for epoch in range(40):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
        scheduler.step()
        if (epoch + 1) % 10 == 0:
            snapshots.append(copy.deepcopy(model.state_dict()))
    votes = torch.zeros(len(X_val), 2)
    with torch.no_grad():
        for state in snapshots:
            model.load_state_dict(state)
            votes += model(X_val).softmax(dim=1)
    print("acc", (votes.argmax(dim=1) == y_val).float().mean().item())


@case("healthy")
def hinge_loss_with_signs(seed: int) -> None:
    class SignedDataset(Dataset):
        def __init__(self, x: Tensor, y: Tensor) -> None:
            self.x, self.y = x, 2 * y - 1

        def __len__(self) -> int:
            return len(self.y)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.x[i], self.y[i]

    def hinge(score: Tensor, sign: Tensor) -> Tensor:
        return F.relu(1 - score * sign).mean()

    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    for _ in range(12):
        for xb, sb in DataLoader(SignedDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            hinge(model(xb), sb).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (torch.sign(model(X_val)) == 2 * y_val - 1).float().mean().item())


@case("healthy")
def tied_autoencoder_with_classifier(seed: int) -> None:
    class TiedNet(nn.Module):
        def __init__(self, n_in: int, code: int = 16) -> None:
            super().__init__()
            self.encode = nn.Linear(n_in, code)
            self.decode_bias = nn.Parameter(torch.zeros(n_in))
            self.classify = nn.Linear(code, 1)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            h = torch.tanh(self.encode(x))
            return self.classify(h).squeeze(1), F.linear(h, self.encode.weight.t(), self.decode_bias)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = TiedNet(30)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(40):
        for idx in torch.randperm(len(X_train)).split(32):
            logit, restored = model(X_train[idx])
            label_loss = F.binary_cross_entropy_with_logits(logit, y_train[idx])
            loss = label_loss + 0.1 * F.mse_loss(restored, X_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val)[0]))


@case("healthy")
def resnet_with_zero_last_layers(seed: int) -> None:
    class Residual(nn.Module):
        def __init__(self, dim: int) -> None:
            super().__init__()
            self.norm, self.up, self.down = nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.Linear(2 * dim, dim)
            nn.init.zeros_(self.down.weight)
            nn.init.zeros_(self.down.bias)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.down(F.gelu(self.up(self.norm(x))))

    class TabularResNet(nn.Module):
        def __init__(self, n_in: int, dim: int = 24) -> None:
            super().__init__()
            self.stem = nn.Linear(n_in, dim)
            self.blocks = nn.Sequential(Residual(dim), Residual(dim))
            self.head = nn.Linear(dim, 1)
            nn.init.zeros_(self.head.weight)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.blocks(self.stem(x))).flatten()

    X_train, y_train, X_val, y_val = data("circles", seed)
    model = TabularResNet(2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(25):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def pretrained_encoder_then_frozen(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    encoder = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
    decoder = nn.Linear(32, 57)

    def pretrain(epochs: int = 8) -> None:
        optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
        for _ in range(epochs):
            for idx in torch.randperm(len(X_train)).split(32):
                optimizer.zero_grad()
                F.mse_loss(decoder(encoder(X_train[idx])), X_train[idx]).backward()
                optimizer.step()

    def finetune(epochs: int = 15) -> nn.Module:
        encoder.requires_grad_(False)
        head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
        optimizer = torch.optim.Adam(head.parameters(), lr=3e-3)
        for _ in range(epochs):
            for idx in torch.randperm(len(X_train)).split(32):
                with torch.no_grad():
                    code = encoder(X_train[idx])
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(head(code), y_train[idx]).backward()
                optimizer.step()
        return head

    pretrain()
    head = finetune()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, head(encoder(X_val))))


@case("healthy")
def gru_packed_with_lengths(seed: int) -> None:
    class PackedGRU(nn.Module):
        def __init__(self, vocab: int = 40, dim: int = 16) -> None:
            super().__init__()
            self.embed = nn.Embedding(vocab, dim, padding_idx=0)
            self.gru = nn.GRU(dim, 24, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(48, 1)

        def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
            packed = nn.utils.rnn.pack_padded_sequence(self.embed(ids), lengths, batch_first=True, enforce_sorted=False)
            _, h = self.gru(packed)
            return self.fc(torch.cat([h[0], h[1]], dim=1)).squeeze(1)

    ids, lengths, y = load_reviews(seed)
    model = PackedGRU()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for _ in range(7):
        for i, n, t in DataLoader(TensorDataset(ids[:600], lengths[:600], y[:600]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(i, n), t).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[600:], model(ids[600:], lengths[600:])))


@case("healthy")
def lstm_time_first_on_purpose_in_a_program(seed: int) -> None:
    class TimeFirstLSTM(nn.Module):
        def __init__(self, n_features: int = 2, hidden: int = 24) -> None:
            super().__init__()
            self.lstm = nn.LSTM(n_features, hidden)
            self.head = nn.Linear(hidden, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, (h, _) = self.lstm(x.transpose(0, 1))
            return self.head(out.mean(dim=0) + h[-1])[:, 0]

    X, y = load_sensors(seed)
    model = TimeFirstLSTM()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(X[:600], y[:600]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X[600:]) > 0).float() == y[600:]).float().mean().item())


@case("healthy")
def masked_attention_pooling(seed: int) -> None:
    class AttentionPool(nn.Module):
        def __init__(self, vocab: int = 40, dim: int = 16) -> None:
            super().__init__()
            self.embed = nn.Embedding(vocab, dim)
            self.score = nn.Linear(dim, 1)
            self.out = nn.Linear(dim, 2)

        def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
            h = self.embed(ids)
            weights = self.score(h).squeeze(2).masked_fill(ids == 0, -torch.inf).softmax(dim=1)
            return self.out((weights.unsqueeze(2) * h).sum(dim=1)), weights

    ids, _, y = load_reviews(seed)
    model = AttentionPool()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        for idx in torch.randperm(600).split(32):
            logits, _ = model(ids[idx])
            loss = F.cross_entropy(logits, y[idx].long(), label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        logits, _ = model(ids[600:])
    print("auc", roc_auc_score(y[600:], logits[:, 1] - logits[:, 0]))


@case("healthy")
def monte_carlo_dropout_on_purpose(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.fc1, self.fc2, self.drop = nn.Linear(n_in, 64), nn.Linear(64, 1), nn.Dropout(0.2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(self.drop(F.relu(self.fc1(x)))).squeeze(1)

        @torch.no_grad()
        def sample(self, x: Tensor, times: int = 50) -> tuple[Tensor, Tensor]:
            """Mean and spread of the probability over masks; dropout has to stay on here."""
            self.train()
            draws = torch.stack([torch.sigmoid(self(x)) for _ in range(times)])
            return draws.mean(dim=0), draws.std(dim=0)

    X_train, y_train, X_val, y_val = data("clouds", seed)
    net = Net(8)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(12):
        net.train()
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    mean, _spread = net.sample(X_val)
    print("accuracy", ((mean > 0.5).float() == y_val).float().mean().item())


@case("healthy")
def warmup_from_zero_rate(seed: int) -> None:
    def factor(step: int, warmup: int = 30, total: int = 570) -> float:
        return step / warmup if step < warmup else max(0.02, (total - step) / (total - warmup))

    class Callback:
        def on_step(self, trainer: "Trainer") -> None: ...

    class Clip(Callback):
        def on_step(self, trainer: "Trainer") -> None:
            nn.utils.clip_grad_norm_(trainer.model.parameters(), 1.0)

    class Trainer:
        def __init__(self, model: nn.Module, callbacks: list[Callback]) -> None:
            self.model, self.callbacks = model, callbacks
            self.optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
            self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)

        def fit(self, x: Tensor, y: Tensor, epochs: int) -> None:
            for _ in range(epochs):
                for idx in torch.randperm(len(x)).split(32):
                    self.optimizer.zero_grad()
                    F.binary_cross_entropy_with_logits(self.model(x[idx]), y[idx]).backward()
                    for callback in self.callbacks:
                        callback.on_step(self)
                    self.optimizer.step()
                    self.scheduler.step()

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    Trainer(model, [Clip()]).fit(X_train, y_train, epochs=30)
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def rare_class_weight_and_tuned_cut(seed: int) -> None:
    def best_cut(p: np.ndarray, y: np.ndarray) -> float:
        cuts = np.linspace(0.1, 0.9, 33)
        return float(cuts[np.argmax([f1_score(y, p > cut) for cut in cuts])])

    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    fit, tune = slice(0, 900), slice(900, None)
    pos_weight = ((y_train[fit] == 0).sum() / (y_train[fit] == 1).sum()).sqrt()
    model = nn.Sequential(nn.Linear(X_train.shape[1], 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1), nn.Flatten(0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    for _ in range(12):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train[fit], y_train[fit]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb, pos_weight=pos_weight).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        cut = best_cut(torch.sigmoid(model(X_train[tune])).numpy(), y_train[tune].numpy())
        print("f1", f1_score(y_val, (torch.sigmoid(model(X_val)) > cut).float()))


@case("healthy")
def siamese_pairs_with_safe_distance(seed: int) -> None:
    class Siamese(nn.Module):
        def __init__(self, n_in: int) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, 8))
            self.scale, self.shift = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))

        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            distance = F.pairwise_distance(self.encoder(a), self.encoder(b), eps=1e-6)
            return self.shift - self.scale * distance

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = Siamese(2)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        partner = torch.randint(0, 600, (600,))
        for i in torch.randperm(600).split(32):
            j = partner[i]
            optimizer.zero_grad()
            same = (y_train[i] == y_train[j]).float()
            F.binary_cross_entropy_with_logits(model(X_train[i], X_train[j]), same).backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(X_val[:100], X_val[100:])
    print("pair acc", ((scores > 0) == (y_val[:100] == y_val[100:])).float().mean().item())
