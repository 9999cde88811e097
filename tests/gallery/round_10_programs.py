"""Longer programs, second part: classes, helpers, callbacks, several kinds of network and of loss."""

import copy
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_digits
from sklearn.metrics import balanced_accuracy_score, log_loss, roc_auc_score
from torch import Tensor, nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset


@case("double_sigmoid")
def keras_compile_gru_weekly_spend(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, weeks = 900, 12
    spend = rng.normal(size=(n, weeks, 3)).astype("float32")
    trend = spend[:, -4:, 0].mean(1) - spend[:, :4, 0].mean(1)
    churned = (trend + 0.2 * rng.normal(size=n) < -0.4).astype("float32")

    class SpendNet(nn.Module):
        def __init__(self, units: int = 24) -> None:
            super().__init__()
            self.gru = nn.GRU(3, units, batch_first=True)
            self.dense = nn.Sequential(nn.Linear(units, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())

        def forward(self, x: Tensor) -> Tensor:
            _, h = self.gru(x)
            return self.dense(h[-1]).squeeze(-1)

    class KerasLike:
        losses: ClassVar[dict[str, nn.Module]] = {"binary_crossentropy": nn.BCEWithLogitsLoss(), "mse": nn.MSELoss()}

        def compile(self, net: nn.Module, optimizer: str, loss: str) -> None:
            self.net, self.loss = net, self.losses[loss]
            self.opt = {"adam": optim.Adam, "rmsprop": optim.RMSprop}[optimizer](net.parameters(), lr=5e-3)

        def fit(self, x: Tensor, y: Tensor, epochs: int, batch_size: int = 50) -> None:
            for _ in range(epochs):
                for rows in torch.randperm(len(x)).split(batch_size):
                    self.opt.zero_grad()
                    self.loss(self.net(x[rows]), y[rows]).backward()
                    self.opt.step()

        def predict(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                return torch.sigmoid(self.net(x)) > 0.5

    x, y = torch.from_numpy(spend), torch.from_numpy(churned)
    keras = KerasLike()
    keras.compile(SpendNet(), "adam", "binary_crossentropy")
    keras.fit(x[:600], y[:600], epochs=20)
    print("accuracy", (keras.predict(x[600:]) == y[600:].bool()).float().mean().item())


@case("double_sigmoid")
def radiology_focal_on_dict_output(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)

    class RiskNet(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.enc = nn.Sequential(nn.Linear(width, 48), nn.SiLU(), nn.Linear(48, 24), nn.SiLU())
            self.head = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            z = self.enc(x)
            return {"embedding": z, "risk": self.head(z).sigmoid().flatten()}

    def focal(score: Tensor, y: Tensor, gamma: float = 1.0) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(score, y, reduction="none")
        return ((1 - torch.exp(-bce)) ** gamma * bce).mean()

    net = RiskNet(x_train.shape[1])
    opt = optim.AdamW(net.parameters(), lr=2e-3)
    for _epoch in range(12):
        net.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            loss = focal(net(xb)["risk"], yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        alarm = (torch.sigmoid(net(x_val)["risk"]) >= 0.5).numpy()
    print("balanced accuracy", balanced_accuracy_score(y_val.numpy(), alarm))


@case("softmax_before_ce")
def sequential_subclass_probabilities_head(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)

    class Mlp(nn.Sequential):
        def __init__(self, *widths: int, head: type[nn.Module] = nn.Softmax) -> None:
            layers: list[tuple[str, nn.Module]] = []
            for k in range(len(widths) - 2):
                layers += [(f"fc{k}", nn.Linear(widths[k], widths[k + 1])), (f"act{k}", nn.Tanh())]
            layers += [("out", nn.Linear(widths[-2], widths[-1])), ("prob", head(1))]
            super().__init__(OrderedDict(layers))

    net = Mlp(x_train.shape[1], 32, 16, 2)
    history: dict[str, list[float]] = {"loss": [], "val": []}
    sgd = optim.SGD(net.parameters(), lr=0.05)
    for _ in range(30):
        order = torch.randperm(len(x_train))
        for i in range(0, len(order), 64):
            rows = order[i : i + 64]
            loss = F.cross_entropy(net(x_train[rows]), y_train[rows].long())
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            history["loss"].append(loss.item())
        with torch.no_grad():
            history["val"].append(log_loss(y_val, net(x_val).softmax(1)[:, 1]))
    print("log loss", history["val"][-1])


@case("bce_on_logits")
def matlab_log_likelihood_of_scores(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    eps = 1e-6

    def neg_log_lik(p: Tensor, y: Tensor) -> Tensor:
        p = torch.clip(p, eps, 1 - eps)
        return -torch.mean(y * torch.log(p) + (1 - y) * torch.log(1 - p))

    class FeedForwardNet(nn.Module):
        def __init__(self, hidden_sizes: list[int]) -> None:
            super().__init__()
            sizes = [57, *hidden_sizes]
            self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
            self.output = nn.Linear(sizes[-1], 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.hidden:
                x = F.relu(layer(x))
            return self.output(x)[:, 0]

    net = FeedForwardNet([20, 10])
    trainer = optim.Adam(net.parameters(), lr=3e-3)
    for _epoch in range(12):
        for idx in torch.randperm(len(x_train)).chunk(30):
            trainer.zero_grad()
            neg_log_lik(net(x_train[idx]), y_train[idx]).backward()
            trainer.step()
    with torch.no_grad():
        score = net(x_val)
    print("loss", neg_log_lik(score, y_val).item(), "accuracy", ((score > 0) == y_val.bool()).float().mean().item())


@case("ce_single_output")
def siamese_signature_check(seed: int) -> None:
    rng = np.random.default_rng(seed)
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    left = rng.integers(0, len(images), 1600)
    by_class = [np.flatnonzero(digits.target == k) for k in range(10)]
    same = rng.random(1600) < 0.5
    right = np.where(same, [rng.choice(by_class[digits.target[i]]) for i in left], rng.integers(0, len(images), 1600))
    label = torch.tensor(digits.target[left] == digits.target[right], dtype=torch.float32)

    class Siamese(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tower = nn.Sequential(
                nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(192, 32)
            )
            self.compare = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return self.compare((self.tower(a) - self.tower(b)).abs())

    net, criterion = Siamese(), nn.CrossEntropyLoss()
    opt = optim.Adam(net.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(images[left], images[right], label[:, None]), batch_size=64)
    *train, held_out = list(loader)
    for _ in range(12):
        for a, b, same_writer in train:
            opt.zero_grad()
            loss = criterion(net(a, b), same_writer)
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(held_out[2][:, 0], net(*held_out[:2])[:, 0]))


@case("softmax_single_output")
def layer_specs_from_json_config(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    spec = [
        {"units": 40, "activation": "relu"},
        {"units": 20, "activation": "relu"},
        {"units": 1, "activation": "softmax"},
    ]
    activations: dict[str, Callable[[], nn.Module]] = {
        "relu": nn.ReLU,
        "sigmoid": nn.Sigmoid,
        "softmax": partial(nn.Softmax, dim=-1),
    }

    def build(inputs: int, layers: list[dict[str, Any]]) -> nn.Sequential:
        net = nn.Sequential()
        for number, layer in enumerate(layers):
            net.add_module(f"dense_{number}", nn.Linear(inputs, layer["units"]))
            net.add_module(f"{layer['activation']}_{number}", activations[layer["activation"]]())
            inputs = layer["units"]
        return net

    model = build(x_train.shape[1], spec)
    optimizer, bce = optim.Adam(model.parameters(), lr=1e-3), nn.BCELoss()
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            bce(model(xb).reshape(-1), yb).backward()
            optimizer.step()
    with torch.inference_mode():
        prob = model(x_val).reshape(-1)
    print("accuracy", ((prob > 0.5).float() == y_val).float().mean().item())


@case("nll_on_probabilities")
def likelihood_head_returning_tuple(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)

    class TwoHeaded(nn.Module):
        def __init__(self, d: int, hidden: int = 40) -> None:
            super().__init__()
            self.trunk = nn.Sequential(nn.Linear(d, hidden), nn.ELU(), nn.Linear(hidden, hidden), nn.ELU())
            self.classify = nn.Linear(hidden, 2)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            features = self.trunk(x)
            return F.softmax(self.classify(features), dim=1), features

    net = TwoHeaded(x_train.shape[1])
    criterion = nn.NLLLoss()
    opt = optim.Adam(net.parameters(), lr=1e-3)
    sched = optim.lr_scheduler.StepLR(opt, step_size=6, gamma=0.5)
    targets = y_train.to(torch.int64)
    for _epoch in range(12):
        for rows in torch.randperm(len(targets)).split(50):
            out, _ = net(x_train[rows])
            loss = criterion(out, targets[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
    with torch.no_grad():
        spam = net(x_val)[0][:, 1].clamp(1e-6, 1 - 1e-6)
    print("log loss", log_loss(y_val.numpy(), spam.numpy()))


@case("relu_on_output")
def dense_block_with_activation_inside(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)

    class DenseBlock(nn.Module):
        def __init__(self, fan_in: int, fan_out: int, p: float = 0.1) -> None:
            super().__init__()
            self.fc, self.drop = nn.Linear(fan_in, fan_out), nn.Dropout(p)

        def forward(self, x: Tensor) -> Tensor:
            return F.relu(self.fc(self.drop(x)))

    @dataclass
    class Config:
        widths: list[int] = field(default_factory=lambda: [30, 24, 12, 1])
        lr: float = 2e-3
        epochs: int = 40

    cfg = Config()
    net = nn.Sequential(*(DenseBlock(a, b) for a, b in pairwise(cfg.widths)))
    opt = optim.Adam(net.parameters(), lr=cfg.lr)
    for _ in range(cfg.epochs):
        net.train()
        for rows in torch.randperm(len(x_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(net(x_train[rows]).view(-1), y_train[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        malignant = net(x_val).view(-1).sigmoid().numpy() >= 0.5
    print("accuracy", np.mean(malignant == y_val.numpy()))


@case("no_nonlinearity")
def activation_identity_by_default_argument(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)

    def dense(units_in: int, units_out: int, activation: nn.Module | None = None) -> nn.Module:
        layer = nn.Linear(units_in, units_out)
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
        return nn.Sequential(layer, nn.BatchNorm1d(units_out), activation or nn.Identity())

    model = nn.Sequential(dense(2, 64), dense(64, 64), dense(64, 32), nn.Linear(32, 1))
    opt = optim.NAdam(model.parameters(), lr=2e-3)
    losses: list[float] = []
    for _epoch in range(18):
        model.train()
        running = 0.0
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), 40, shuffle=True):
            opt.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(model(xb), yb[:, None])
            loss.backward()
            opt.step()
            running += loss.item() * len(xb)
        losses.append(running / len(x_train))
    model.eval()
    hit = (model(x_val)[:, 0] > 0) == (y_val > 0.5)
    print("loss", losses[-1], "accuracy", hit.float().mean().item())


@case("shape_broadcast")
def physicist_chi_square_of_network(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    class Potential(nn.Module):
        def __init__(self, modes: int = 40) -> None:
            super().__init__()
            self.k = nn.Parameter(torch.randn(2, modes))
            self.phase = nn.Parameter(2 * math.pi * torch.rand(modes))
            self.amplitude = nn.Parameter(torch.randn(modes, 1) / math.sqrt(modes))

        def forward(self, r: Tensor) -> Tensor:
            return torch.sigmoid(torch.cos(r @ self.k + self.phase) @ self.amplitude)

    def chi_square(model: Tensor, measured: Tensor, sigma: float = 0.5) -> Tensor:
        return torch.mean(((model - measured) / sigma) ** 2)

    psi = Potential()
    minimiser = optim.Adam(psi.parameters(), lr=1e-2)
    for _sweep in range(40):
        for event in torch.randperm(len(x_train)).split(40):
            minimiser.zero_grad()
            chi_square(psi(x_train[event]), y_train[event]).backward()
            minimiser.step()
    with torch.no_grad():
        signal = psi(x_val).flatten() > 0.5
    print("efficiency", (signal == y_val.bool()).double().mean().item())


@case("shape_broadcast")
def hinge_margin_times_column(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)

    class Trainer:
        def __init__(self, net: nn.Module, lr: float, clip: float = 5.0) -> None:
            self.net, self.clip = net, clip
            self.opt = optim.SGD(net.parameters(), lr=lr, momentum=0.9)
            self.log: list[dict[str, float]] = []

        @staticmethod
        def hinge(score: Tensor, sign: Tensor) -> Tensor:
            return torch.clamp(1 - sign * score, min=0).mean()

        def run(self, x: Tensor, sign: Tensor, epochs: int) -> None:
            for epoch in range(epochs):
                for rows in torch.randperm(len(x)).split(32):
                    self.opt.zero_grad()
                    loss = self.hinge(self.net(x[rows]), sign[rows])
                    loss.backward()
                    nn.utils.clip_grad_norm_(self.net.parameters(), self.clip)
                    self.opt.step()
                self.log.append({"epoch": epoch, "hinge": loss.item()})

    svm = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 1))
    Trainer(svm, 0.02).run(x_train, 2 * y_train - 1, 40)
    with torch.no_grad():
        sign = torch.sign(svm(x_val).squeeze(1))
    print("accuracy", torch.mean((sign == 2 * y_val - 1).float()).item())


@case("label_encoding")
def r_factor_levels_as_codes(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)
    levels = {"B": 1, "M": 2}

    class FactorFrame(Dataset[tuple[Tensor, Tensor]]):
        def __init__(self, x: Tensor, diagnosis: list[str]) -> None:
            self.x = x
            self.code = torch.tensor([levels[d] for d in diagnosis], dtype=torch.float32)

        def __len__(self) -> int:
            return len(self.x)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.x[i], self.code[i]

    def as_factor(y: Tensor) -> list[str]:
        return ["M" if v else "B" for v in y.tolist()]

    train, test = FactorFrame(x_train, as_factor(y_train)), FactorFrame(x_val, as_factor(y_val))
    glm = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    fit = optim.Adam(glm.parameters(), lr=3e-3)
    for _ in range(25):
        for xb, yb in DataLoader(train, batch_size=32, shuffle=True):
            fit.zero_grad()
            F.binary_cross_entropy_with_logits(glm(xb).squeeze(1), yb).backward()
            fit.step()
    with torch.no_grad():
        fitted = torch.where(glm(test.x).squeeze(1) > 0, levels["M"], levels["B"])
    print("accuracy", (fitted == test.code).float().mean().item())


@case("labels_misaligned")
def ward_visits_sorted_by_first_column(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)

    class Visits(Dataset[dict[str, Tensor]]):
        def __init__(self, x: Tensor, y: Tensor, sort_key: int | None = None) -> None:
            self.x, self.y = x, y
            if sort_key is not None:
                self.x = x[torch.argsort(x[:, sort_key])]

        def __len__(self) -> int:
            return self.x.size(0)

        def __getitem__(self, i: int) -> dict[str, Tensor]:
            return {"vitals": self.x[i], "outcome": self.y[i]}

    net = nn.Sequential(nn.Linear(57, 32), nn.GELU(), nn.Dropout(0.2), nn.Linear(32, 1))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(12):
        net.train()
        for visit in DataLoader(Visits(x_train, y_train, sort_key=56), batch_size=40, shuffle=True):
            opt.zero_grad()
            loss = nn.BCEWithLogitsLoss()(net(visit["vitals"]), visit["outcome"].unsqueeze(1))
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("auroc", roc_auc_score(y_val.numpy(), net(x_val).numpy().ravel()))


@case("class_weights_wrong")
def pos_weight_upside_down_in_property(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)

    class Campaign:
        def __init__(self, y: Tensor) -> None:
            self.y = y

        @property
        def pos_weight(self) -> Tensor:
            stay, leave = (self.y == 0).sum(), (self.y == 1).sum()
            return leave / stay

    net = nn.Sequential(nn.Linear(71, 40), nn.LayerNorm(40), nn.ReLU(), nn.Linear(40, 1), nn.Flatten(0))
    opt = optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
    criterion = nn.BCEWithLogitsLoss(pos_weight=Campaign(y_train).pos_weight)
    for _epoch in range(15):
        for rows in torch.randperm(len(x_train)).split(40):
            opt.zero_grad()
            criterion(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        call = (net(x_val) > 0).float()
    recall = (call * y_val).sum() / y_val.sum()
    print("recall", recall.item(), "balanced accuracy", balanced_accuracy_score(y_val, call))


@case("unscaled_features")
def bank_prototype_raw_columns(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed, raw=True)

    class ScoreCard(nn.Module):
        def __init__(self, columns: int) -> None:
            super().__init__()
            self.stem = nn.Linear(columns, 32)
            self.res = nn.ModuleList(nn.Linear(32, 32) for _ in range(2))
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            h = torch.relu(self.stem(x))
            for block in self.res:
                h = h + torch.relu(block(h))
            return self.out(h).squeeze(-1)

    @dataclass
    class Settings:
        lr: float = 1e-3
        epochs: int = 20
        batch: int = 40

    s = Settings()
    card = ScoreCard(x_train.shape[1])
    opt = optim.Adam(card.parameters(), lr=s.lr)
    for _ in range(s.epochs):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), s.batch, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(card(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("gini", 2 * roc_auc_score(y_val, card(x_val)) - 1)


@case("preprocess_mismatch")
def copied_evaluation_forgets_the_scaler(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed, raw=True)

    class Scaler:
        def __init__(self, x: Tensor) -> None:
            self.mu, self.sd = x.mean(0), x.std(0) + 1e-8

        def __call__(self, x: Tensor) -> Tensor:
            return (x - self.mu) / self.sd

    def train_one_epoch(net: nn.Module, opt: optim.Optimizer, x: Tensor, y: Tensor) -> None:
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()

    def evaluate(net: nn.Module, x: Tensor, y: Tensor) -> float:
        scale = Scaler(x_train / 10)
        with torch.no_grad():
            return ((net(scale(x)).squeeze(1) > 0).float() == y).float().mean().item()

    net = nn.Sequential(nn.Linear(30, 32), nn.Tanh(), nn.Linear(32, 1))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(40):
        train_one_epoch(net, opt, Scaler(x_train)(x_train), y_train)
    print("accuracy", evaluate(net, x_val, y_val))


@case("nan_loss")
def euclidean_siamese_with_identical_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=(40, 10))
    who_a = rng.integers(0, 40, 1200)
    who_b = np.where(rng.random(1200) < 0.5, who_a, rng.integers(0, 40, 1200))
    a = torch.tensor(centre[who_a] + 0.3 * rng.normal(size=(1200, 10)), dtype=torch.float32)
    b = torch.tensor(centre[who_b] + 0.3 * rng.normal(size=(1200, 10)), dtype=torch.float32)
    b[::97] = a[::97]
    same = torch.tensor(who_a == who_b, dtype=torch.float32)
    same[::97] = 1

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.f = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 8))
            self.margin = nn.Parameter(torch.tensor(1.0))

        def distance(self, u: Tensor, v: Tensor) -> Tensor:
            return torch.sqrt(((self.f(u) - self.f(v)) ** 2).sum(dim=1))

        def forward(self, u: Tensor, v: Tensor) -> Tensor:
            return self.margin - self.distance(u, v)

    net = Encoder()
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in torch.randperm(900).split(45):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(a[rows], b[rows]), same[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        agree = (net(a[900:], b[900:]) > 0) == same[900:].bool()
    print("loss", loss.item(), "accuracy", agree.float().mean().item())


@case("no_zero_grad")
def method_named_but_not_called(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)

    class Trainer:
        def __init__(self, model: nn.Module, lr: float) -> None:
            self.model = model
            self.optimizer = optim.SGD(model.parameters(), lr=lr, momentum=0.9)
            self.criterion = nn.BCEWithLogitsLoss()

        def step(self, xb: Tensor, yb: Tensor) -> float:
            self.optimizer.zero_grad  # noqa: B018
            loss = self.criterion(self.model(xb).squeeze(1), yb)
            loss.backward()
            self.optimizer.step()
            return loss.item()

    model = nn.Sequential(nn.Linear(57, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
    trainer = Trainer(model, lr=0.02)
    curve = []
    for _epoch in range(15):
        batches = DataLoader(TensorDataset(x_train, y_train), batch_size=40, shuffle=True)
        curve.append(np.mean([trainer.step(xb, yb) for xb, yb in batches]))
    with torch.no_grad():
        predicted = (model(x_val).squeeze(1) > 0).float()
    print("loss", curve[-1], "accuracy", (predicted == y_val).float().mean().item())


@case("no_zero_grad")
def gan_style_clears_the_other_network(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    encoder = nn.Sequential(nn.Linear(57, 32), nn.Tanh())
    decoder = nn.Linear(32, 57)
    classifier = nn.Sequential(nn.Linear(32, 24), nn.ReLU(), nn.Linear(24, 1))
    opt_ae = optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)
    opt_clf = optim.SGD([*encoder.parameters(), *classifier.parameters()], lr=0.02, momentum=0.9)

    def reconstruct(xb: Tensor) -> None:
        opt_ae.zero_grad()
        F.mse_loss(decoder(encoder(xb)), xb).backward()
        opt_ae.step()

    def classify(xb: Tensor, yb: Tensor) -> None:
        decoder.zero_grad()
        F.binary_cross_entropy_with_logits(classifier(encoder(xb))[:, 0], yb).backward()
        opt_clf.step()

    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=40, shuffle=True)
    for xb, _ in loader:
        reconstruct(xb)
    for _epoch in range(15):
        for xb, yb in loader:
            classify(xb, yb)
    with torch.no_grad():
        print("accuracy", ((classifier(encoder(x_val))[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("no_optimizer_step")
def accumulation_longer_than_the_epoch(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)
    params = {"batch": 16, "accumulate": 32, "lr": 3e-3, "epochs": 30}
    net = nn.Sequential(nn.Linear(30, 32), nn.Mish(), nn.Linear(32, 1))
    opt = optim.Adam(net.parameters(), lr=params["lr"])
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=int(params["batch"]), shuffle=True)
    for _epoch in range(int(params["epochs"])):
        opt.zero_grad()
        for i, (xb, yb) in enumerate(loader):
            loss = F.binary_cross_entropy_with_logits(net(xb), yb.unsqueeze(1)) / 4
            loss.backward()
            if (i + 1) % params["accumulate"] == 0:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        accuracy = ((net(x_val) > 0).squeeze(1) == y_val.bool()).float().mean()
    print("accuracy", accuracy.item())


@case("optimizer_wrong_params")
def fold_model_reset_after_optimizer(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)

    class Experiment:
        def __init__(self, lr: float = 5e-3) -> None:
            self.model = self.fresh()
            self.optimizer = optim.Adam(self.model.parameters(), lr=lr)

        @staticmethod
        def fresh() -> nn.Module:
            return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))

        def fold(self, epochs: int = 25) -> nn.Module:
            self.model = self.fresh()
            for _ in range(epochs):
                for rows in torch.randperm(len(x_train)).split(40):
                    self.optimizer.zero_grad()
                    loss = F.soft_margin_loss(self.model(x_train[rows])[:, 0], 2 * y_train[rows] - 1)
                    loss.backward()
                    self.optimizer.step()
            return self.model

    winner = Experiment().fold()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, winner(x_val)[:, 0]))


@case("frozen_params")
def freeze_by_substring_of_name(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens = torch.from_numpy(rng.integers(1, 60, (1200, 12)))
    good, bad = set(range(1, 16)), set(range(16, 31))
    mood = [sum(t in good for t in row) - sum(t in bad for t in row) for row in tokens.tolist()]
    label = (torch.tensor(mood) > 0).float()

    class Sentiment(nn.Module):
        def __init__(self, vocabulary: int = 60, dim: int = 4) -> None:
            super().__init__()
            self.emb = nn.Embedding(vocabulary, dim)
            self.emb_to_hidden = nn.Linear(dim, 12)
            self.out = nn.Linear(12, 1)

        def forward(self, ids: Tensor) -> Tensor:
            return self.out(torch.relu(self.emb_to_hidden(self.emb(ids))).mean(1)).squeeze(1)

    def set_trainable(model: nn.Module, prefix: str, flag: bool) -> None:
        for name, p in model.named_parameters():
            if name.startswith(prefix):
                p.requires_grad_(flag)

    net = Sentiment()
    set_trainable(net, "emb", False)
    opt = optim.Adam((p for p in net.parameters() if p.requires_grad), lr=1e-2)
    for _ in range(20):
        for rows in torch.randperm(800).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(tokens[rows]), label[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(tokens[800:]) > 0) == label[800:].bool()).float().mean().item())


@case("frozen_params")
def unfreeze_flag_on_the_module(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)

    class Backbone(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 3), nn.ReLU())
            self.head = nn.Linear(3, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.body(x)).squeeze(1)

    class UnfreezeAt:
        def __init__(self, epoch: int) -> None:
            self.epoch = epoch

        def on_epoch_begin(self, epoch: int, net: Backbone) -> None:
            if epoch == 0:
                for p in net.body.parameters():
                    p.requires_grad = False
            if epoch == self.epoch:
                net.body.requires_grad = True

    net, callback = Backbone(), UnfreezeAt(3)
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for epoch in range(40):
        callback.on_epoch_begin(epoch, net)
        for rows in torch.randperm(600).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val) > 0).float() == y_val).float().mean().item())


@case("unregistered_params")
def convolution_blocks_in_a_dict(seed: int) -> None:
    digits = load_digits()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(digits.data))
    images = torch.tensor(digits.images[order] / 8 - 1, dtype=torch.float32)[:, None]
    odd = torch.tensor(digits.target[order] % 2, dtype=torch.long)

    class ConvNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = {
                "conv1": nn.Conv2d(1, 2, 3, stride=2, padding=1),
                "conv2": nn.Conv2d(2, 4, 3, stride=2, padding=1),
            }
            self.fc = nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            for block in self.blocks.values():
                x = F.relu(block(x))
            return self.fc(x.flatten(1))

    net, loss_fn = ConvNet(), nn.CrossEntropyLoss()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _epoch in range(15):
        for rows in torch.randperm(1300).split(50):
            opt.zero_grad()
            loss_fn(net(images[rows]), odd[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(images[1300:]).argmax(1) == odd[1300:]).double().mean().item())


@case("layer_in_forward")
def lazy_projection_built_on_the_fly(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)

    class Gated(nn.Module):
        def __init__(self, units: int = 24) -> None:
            super().__init__()
            self.units = units
            self.fc = nn.Linear(30, units)
            self.out = nn.Linear(units, 1)

        def gate(self, h: Tensor) -> Tensor:
            dense = nn.Linear(h.size(1), self.units)
            return torch.tanh(dense(h))

        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.gate(torch.relu(self.fc(x))))

    net = Gated()
    opt = optim.Adam(net.parameters(), lr=3e-3)
    best: tuple[float, dict[str, Tensor]] = (math.inf, {})
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train[:, None]), batch_size=20, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            opt.step()
        if loss.item() < best[0]:
            best = (loss.item(), copy.deepcopy(net.state_dict()))
    net.load_state_dict(best[1])
    with torch.no_grad():
        print("accuracy", ((net(x_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("graph_detached")
def numpy_feature_map_between_layers(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(2, 6), nn.Linear(6, 4)
            self.last = nn.Linear(4, 1)

        @staticmethod
        def rectify(z: Tensor) -> Tensor:
            return torch.from_numpy(np.maximum(z.detach().numpy(), 0.0))

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.rectify(self.second(self.rectify(self.first(x))))).ravel()

    def train(net: Net, steps: int) -> list[float]:
        opt = optim.Adam(net.parameters(), lr=1e-2)
        trace = []
        for _ in range(steps):
            rows = torch.randint(len(x_train), (64,))
            loss = F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            trace.append(loss.item())
        return trace

    net = Net()
    trace = train(net, 800)
    right = (net(x_val).detach().numpy() > 0) == y_val.numpy().astype(bool)
    print("loss", np.mean(trace[-50:]), "accuracy", right.mean())


@case("nondifferentiable_output")
def perceptron_output_rounded_for_brier(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)

    class Perceptron(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(8, 20)
            self.output = nn.Linear(20, 1)

        def forward(self, x: Tensor) -> Tensor:
            p = torch.sigmoid(self.output(F.softplus(self.hidden(x)))).squeeze(-1)
            return torch.round(p, decimals=0)

    net = Perceptron()
    opt = optim.RMSprop(net.parameters(), lr=3e-3)
    brier: list[float] = []
    for _ in range(30):
        for rows in torch.randperm(600).split(30):
            loss = (net(x_train[rows]) - y_train[rows]).square().mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        brier.append(loss.item())
    with torch.no_grad():
        print("brier", brier[-1], "accuracy", (net(x_val).round() == y_val).float().mean().item())


@case("lr_too_high")
def learning_rate_of_the_paper_times_batch(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    base_lr, batch = 0.05, 40

    def scaled_lr(rate: float, size: int) -> float:
        return rate * size

    class ResNet(nn.Module):
        def __init__(self, width: int = 32, depth: int = 3) -> None:
            super().__init__()
            self.enter = nn.Linear(57, width)
            self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
            self.leave = nn.Linear(width, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.enter(x)
            for block in self.blocks:
                x = x + torch.relu(block(x))
            return self.leave(x).flatten()

    net = ResNet()
    opt = optim.SGD(net.parameters(), lr=scaled_lr(base_lr, batch))
    for _ in range(15):
        for rows in torch.randperm(1200).split(batch):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            nn.utils.clip_grad_value_(net.parameters(), 1.0)
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val) > 0) == y_val.bool()).float().mean().item())


@case("lr_too_low")
def optimiser_keyword_eps_swapped_with_lr(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)
    hyper: dict[str, dict[str, Any]] = {
        "adam": {"lr": 1e-8, "eps": 1e-3, "betas": (0.9, 0.999)},
        "model": {"hidden": (32, 16), "activation": nn.LeakyReLU},
    }

    def mlp(inputs: int, hidden: tuple[int, ...], activation: type[nn.Module]) -> nn.Sequential:
        stack: list[nn.Module] = []
        for units in hidden:
            stack += [nn.Linear(inputs, units), activation()]
            inputs = units
        return nn.Sequential(*stack, nn.Linear(inputs, 2))

    net = mlp(30, **hyper["model"])
    opt = optim.Adam(net.parameters(), **hyper["adam"])
    for _epoch in range(30):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train.long()), batch_size=20, shuffle=True):
            opt.zero_grad()
            F.nll_loss(F.log_softmax(net(xb), dim=1), yb).backward()
            opt.step()
    with torch.no_grad():
        proba = net(x_val).softmax(1)[:, 1]
    print("log loss", log_loss(y_val, proba), "accuracy", ((proba > 0.5) == y_val.bool()).float().mean().item())


@case("undertrained")
def early_stopping_expects_falling_accuracy(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    class EarlyStopping:
        def __init__(self, patience: int = 2) -> None:
            self.patience, self.best, self.bad = patience, math.inf, 0

        def __call__(self, value: float) -> bool:
            if value < self.best:
                self.best, self.bad = value, 0
            else:
                self.bad += 1
            return self.bad >= self.patience

    net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
    opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.8)
    stop, history = EarlyStopping(), []
    for _epoch in range(100):
        for rows in torch.randperm(600).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
        with torch.no_grad():
            history.append(((net(x_val) > 0) == y_val.bool()).float().mean().item())
        if stop(history[-1]):
            break
    print("epochs", len(history), "accuracy", history[-1])


@case("scheduler_misuse")
def lambda_returns_rate_not_factor(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    base = 5e-3

    def rate(epoch: int) -> float:
        return base * 0.97**epoch

    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(net.parameters(), lr=base)
    sched = optim.lr_scheduler.LambdaLR(opt, lr_lambda=rate)
    for _epoch in range(40):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=40, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze() > 0).float() == y_val).float().mean().item())


@case("scheduler_misuse")
def epoch_schedule_stepped_every_batch(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    class Loop:
        def __init__(self, net: nn.Module) -> None:
            self.net = net
            self.opt = optim.Adam(net.parameters(), lr=3e-3)
            self.sched = optim.lr_scheduler.MultiStepLR(self.opt, milestones=[8, 14, 20, 26], gamma=0.1)

        def batch(self, xb: Tensor, yb: Tensor) -> float:
            self.opt.zero_grad()
            loss = F.cross_entropy(self.net(xb), yb)
            loss.backward()
            self.opt.step()
            self.sched.step()
            return loss.item()

        def epoch(self, size: int = 20) -> float:
            return float(np.mean([self.batch(x_train[r], y_train[r].long()) for r in torch.randperm(600).split(size)]))

    loop = Loop(nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2)))
    log = [loop.epoch() for _ in range(30)]
    with torch.no_grad():
        print("loss", log[-1], "accuracy", (loop.net(x_val).argmax(1) == y_val.long()).float().mean().item())


@case("vanishing_gradients")
def logistic_units_ten_layers_deep(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)

    class Brain(nn.Module):
        def __init__(self, layers: int = 9, neurons: int = 16, transfer: str = "logsig") -> None:
            super().__init__()
            self.transfer = {"logsig": torch.sigmoid, "poslin": torch.relu}[transfer]
            self.layer = nn.ModuleList([nn.Linear(2 if k == 0 else neurons, neurons) for k in range(layers)])
            for layer in self.layer:
                nn.init.kaiming_normal_(layer.weight)
            self.readout = nn.Linear(neurons, 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layer:
                x = self.transfer(layer(x))
            return self.readout(x)

    net = Brain()
    opt = optim.Adam(net.parameters(), lr=1e-3)
    for _epoch in range(40):
        for rows in torch.randperm(600).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows, None]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val) > 0).flatten() == y_val.bool()).float().mean().item())


@case("dead_relu")
def firing_threshold_of_every_neuron(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)

    class Neurons(nn.Module):
        def __init__(self, n_in: int, n_out: int, threshold: float) -> None:
            super().__init__()
            self.synapse = nn.Linear(n_in, n_out)
            nn.init.constant_(self.synapse.bias, -threshold)

        def forward(self, current: Tensor) -> Tensor:
            return F.relu(self.synapse(current))

    net = nn.Sequential(Neurons(8, 40, threshold=9.0), Neurons(40, 20, threshold=0.0), nn.Linear(20, 1))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=30, shuffle=True):
            opt.zero_grad()
            nn.BCEWithLogitsLoss()(net(xb).view_as(yb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(x_val)))


@case("bad_init")
def weights_all_ones_as_in_fortran(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)

    class Layer(nn.Module):
        def __init__(self, m: int, n: int) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.ones(m, n) / m)
            self.b = nn.Parameter(torch.zeros(n))

        def forward(self, x: Tensor) -> Tensor:
            return torch.addmm(self.b, x, self.w)

    net = nn.Sequential(Layer(2, 30), nn.Tanh(), Layer(30, 30), nn.Tanh(), Layer(30, 1), nn.Flatten(0))
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        for rows in torch.randperm(600).split(30):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val) > 0) == y_val.bool()).float().mean().item())


@case("bad_init")
def apply_hook_with_unit_normal_times_ten(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)

    def weights_init(module: nn.Module, std: float = 10.0) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, mean=0.0, std=std)
            nn.init.zeros_(module.bias)

    class Net(nn.Module):
        def __init__(self, nf: int = 32) -> None:
            super().__init__()
            self.main = nn.Sequential(nn.Linear(57, nf), nn.Tanh(), nn.Linear(nf, nf), nn.Tanh(), nn.Linear(nf, 1))
            self.apply(weights_init)

        def forward(self, x: Tensor) -> Tensor:
            return self.main(x).view(-1)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=2e-3, betas=(0.5, 0.999))
    for _ in range(15):
        for rows in torch.randperm(1200).split(40):
            net.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val) > 0) == y_val.bool()).float().mean().item())


@case("regularisation_too_strong")
def keep_prob_passed_as_dropout(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    @dataclass
    class Flags:
        hidden: int = 32
        keep_prob: float = 0.95
        learning_rate: float = 3e-3

    class Tower(nn.Module):
        def __init__(self, flags: Flags) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(2, flags.hidden), nn.Linear(flags.hidden, flags.hidden)
            self.dropout = nn.Dropout(flags.keep_prob)
            self.logits = nn.Linear(flags.hidden, 2)

        def forward(self, x: Tensor) -> Tensor:
            h = self.dropout(torch.relu(self.fc1(x)))
            return self.logits(self.dropout(torch.relu(self.fc2(h))))

    flags = Flags()
    net = Tower(flags)
    opt = optim.Adam(net.parameters(), lr=flags.learning_rate)
    for _ in range(30):
        net.train()
        for rows in torch.randperm(600).split(30):
            opt.zero_grad()
            F.cross_entropy(net(x_train[rows]), y_train[rows].long()).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", (net(x_val).argmax(1) == y_val.long()).float().mean().item())


@case("regularisation_too_strong")
def lasso_penalty_summed_over_everything(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)

    class SparseLoss(nn.Module):
        def __init__(self, net: nn.Module, lam: float = 0.05) -> None:
            super().__init__()
            self.lam, self.weights = lam, [p for p in net.parameters() if p.dim() == 2]

        def forward(self, score: Tensor, y: Tensor) -> Tensor:
            l1 = torch.stack([w.abs().sum() for w in self.weights]).sum()
            return F.binary_cross_entropy_with_logits(score, y) + self.lam * l1

    net = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
    objective = SparseLoss(net)
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            objective(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, net(x_val) > -0.9))


@case("underfitting")
def bottleneck_of_one_unit(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)

    class Compressor(nn.Module):
        def __init__(self, ratio: int = 2) -> None:
            super().__init__()
            self.squeeze = nn.Linear(2, 2 // ratio)
            self.expand = nn.Sequential(nn.Linear(2 // ratio, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.expand(torch.tanh(self.squeeze(x)))[:, 0]

    net = Compressor()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(50):
        for rows in torch.randperm(600).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val) > 0) == y_val.bool()).float().mean().item())


@case("train_mode_missing")
def baseline_evaluation_leaves_eval_mode(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed, raw=True)
    net = nn.Sequential(
        nn.BatchNorm1d(28), nn.Linear(28, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1)
    )

    def score(model: nn.Module) -> float:
        model.eval()
        with torch.no_grad():
            p = torch.sigmoid(model(x_val).squeeze(1))
        return float(roc_auc_score(y_val.numpy(), p.numpy()))

    curve = [score(net)]
    opt = optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(15):
        for rows in torch.randperm(len(x_train)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]).squeeze(1), y_train[rows]).backward()
            opt.step()
        curve.append(score(net))
    print("auc", curve[-1])


@case("eval_mode_missing")
def eval_referred_to_but_not_called(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    class Predictor:
        def __init__(self, net: nn.Module) -> None:
            self.net = net

        def __enter__(self) -> nn.Module:
            self.net.eval  # noqa: B018
            return self.net

        def __exit__(self, *exc: object) -> None:
            self.net.train()

    net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Dropout(0.4), nn.Linear(24, 24), nn.ReLU(), nn.Dropout(0.4))
    net.append(nn.Linear(24, 1)).append(nn.Flatten(0))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        for rows in torch.randperm(600).split(20):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    with Predictor(net) as frozen, torch.no_grad():
        print("accuracy", ((frozen(x_val) > 0) == y_val.bool()).float().mean().item())


@case("functional_dropout")
def dropout_call_from_an_old_tutorial(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)

    class ClassicNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(28, 50), nn.Linear(50, 25), nn.Linear(25, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.dropout(F.relu(self.fc1(x)), 0.75)
            x = F.dropout(F.relu(self.fc2(x)), 0.75)
            return F.log_softmax(self.fc3(x), dim=1)

    def test(net: nn.Module) -> float:
        net.eval()
        with torch.no_grad():
            return float(roc_auc_score(y_val, net(x_val)[:, 1]))

    net = ClassicNet()
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        net.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train.long()), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.nll_loss(net(xb), yb).backward()
            opt.step()
    print("auc", test(net))


@case("batchnorm_stats")
def momentum_read_as_a_tiny_update(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed, raw=True)

    class Norm(nn.BatchNorm1d):
        def __init__(self, width: int, momentum: float = 1e-4) -> None:
            super().__init__(width, momentum=momentum, eps=1e-3)

    net = nn.Sequential(Norm(30), nn.Linear(30, 24), Norm(24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(30):
        net.train()
        for rows in torch.randperm(len(x_train)).split(31):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(x_val) > 0) == y_val.bool()).float().mean().item())


@case("threshold_on_logits")
def metric_class_with_default_cut(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)

    class BinaryRecall:
        def __init__(self, threshold: float = 0.5) -> None:
            self.threshold, self.hit, self.total = threshold, 0.0, 0.0

        def update(self, output: Tensor, target: Tensor) -> None:
            self.hit += ((output > self.threshold) & (target == 1)).sum().item()
            self.total += target.sum().item()

        def compute(self) -> float:
            return self.hit / self.total

    net = nn.Sequential(nn.Linear(28, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1), nn.Flatten(0))
    ratio = (1 - y_train).sum() / y_train.sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=ratio)
    opt = optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.1)
    for _ in range(12):
        net.train()
        for rows in torch.randperm(1200).split(40):
            opt.zero_grad()
            criterion(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    net.eval()
    recall = BinaryRecall()
    with torch.no_grad():
        for xb, yb in zip(x_val.split(128), y_val.split(128), strict=True):
            recall.update(net(xb), yb)
    print("recall", recall.compute())


@case("argmax_single_output")
def evaluation_copied_from_mnist(seed: int) -> None:
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.data))
    images = torch.tensor(digits.images[order, None] / 16, dtype=torch.float32)
    label = torch.tensor(digits.target[order] >= 5, dtype=torch.float32)

    class Lenet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
            self.fc = nn.Linear(16 * 4, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(x.flatten(1))

    def test(net: nn.Module, x: Tensor, y: Tensor) -> float:
        net.eval()
        correct = 0
        with torch.no_grad():
            for xb, yb in zip(x.split(100), y.split(100), strict=True):
                pred = net(xb).max(1, keepdim=True)[1]
                correct += pred.eq(yb.view_as(pred)).sum().item()
        return correct / len(x)

    net = Lenet()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(8):
        for rows in torch.randperm(1300).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(images[rows]), label[rows, None]).backward()
            opt.step()
    print("accuracy", test(net, images[1300:], label[1300:]))


@case("accuracy_broadcast")
def numpy_mean_of_equal_columns(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)

    class Metrics:
        names = ("accuracy",)

        @staticmethod
        def accuracy(truth: np.ndarray, prob: np.ndarray) -> float:
            return float(np.mean((prob > 0.5) == truth))

        def report(self, truth: Tensor, prob: Tensor) -> dict[str, float]:
            return {name: getattr(self, name)(truth.numpy(), prob.numpy()) for name in self.names}

    net = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
    opt, bce = optim.Adam(net.parameters(), lr=3e-3), nn.BCELoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train[:, None]), batch_size=30, shuffle=True):
            opt.zero_grad()
            bce(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print(Metrics().report(y_val, net(x_val)))


@case("softmax_wrong_dim")
def probabilities_over_the_patients(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)

    class Diagnoser(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(30, 20), nn.ReLU(), nn.Linear(20, 2))

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x)

        @torch.no_grad()
        def predict_proba(self, x: Tensor) -> np.ndarray:
            return F.softmax(self(x), dim=0).numpy()

        def predict(self, x: Tensor, cut: float = 0.5) -> np.ndarray:
            return (self.predict_proba(x)[:, 1] >= cut).astype(int)

    clf = Diagnoser()
    opt, criterion = optim.Adam(clf.parameters(), lr=2e-3), nn.CrossEntropyLoss()
    for _ in range(20):
        for rows in torch.randperm(len(x_train)).split(32):
            opt.zero_grad()
            criterion(clf(x_train[rows]), y_train[rows].long()).backward()
            opt.step()
    print("accuracy", np.mean(clf.predict(x_val) == y_val.numpy()))


@case("padding_not_masked")
def last_step_of_padded_sentences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 12, 1100)
    ids = np.zeros((1100, 45), dtype=np.int64)
    for row, n in zip(ids, lengths, strict=True):
        row[:n] = rng.integers(1, 20, n)
    y = torch.tensor([(row == 5).any() or (row == 9).any() for row in ids], dtype=torch.float32)
    tokens = torch.from_numpy(ids)

    class Reader(nn.Module):
        def __init__(self, vocabulary: int = 20, dim: int = 12, units: int = 24) -> None:
            super().__init__()
            self.embed = nn.Embedding(vocabulary, dim, padding_idx=0)
            self.rnn = nn.RNN(dim, units, batch_first=True)
            self.fc = nn.Linear(units, 1)

        def forward(self, ids: Tensor) -> Tensor:
            states, _ = self.rnn(self.embed(ids))
            last = states[:, -1]
            return self.fc(last).squeeze(1)

    net = Reader()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(10):
        for rows in torch.randperm(800).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(tokens[rows]), y[rows]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[800:], net(tokens[800:])))


@case("wrong_axis")
def channels_by_view_instead_of_permute(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sick = rng.integers(0, 2, 1100)
    ecg = rng.normal(size=(1100, 24, 3)).astype("float32")
    ecg[:, 8:16, 1] += 1.4 * sick[:, None]
    beats, y = torch.from_numpy(ecg), torch.tensor(sick, dtype=torch.float32)

    class EcgNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.GRU(3, 24)
            self.fc = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            batch, steps, leads = x.shape
            out, _ = self.lstm(x.view(steps, batch, leads))
            return self.fc(out.mean(0)).squeeze(1)

    net = EcgNet()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(8):
        for rows in torch.randperm(800).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(beats[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[800:], net(beats[800:])))


@case("wrong_axis")
def transformer_without_batch_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids = torch.from_numpy(rng.integers(0, 20, (1100, 8)))
    y = ((ids == 4).any(1) & (ids == 11).any(1) | (ids == 7).any(1)).float()

    class Block(nn.Module):
        def __init__(self, dim: int = 16, heads: int = 2) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(dim, heads)
            self.norm = nn.LayerNorm(dim)
            self.ff = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x: Tensor) -> Tensor:
            mixed, _ = self.attention(x, x, x)
            return self.ff(self.norm(mixed))[:, 0, 0]

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(21, 16)
            self.block = Block()

        def forward(self, ids: Tensor) -> Tensor:
            cls = torch.full((len(ids), 1), 20)
            return self.block(self.embed(torch.cat([cls, ids], dim=1)))

    net = Classifier()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(15):
        for rows in torch.randperm(800).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(ids[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[800:], net(ids[800:])))


@case("augmentation_too_heavy")
def random_mirror_and_jitter_in_getitem(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    class Augmented(Dataset[tuple[Tensor, Tensor]]):
        def __init__(self, x: Tensor, y: Tensor, jitter: float = 0.1) -> None:
            self.x, self.y, self.jitter = x, y, jitter

        def __len__(self) -> int:
            return len(self.y)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            x = self.x[i] + self.jitter * torch.randn(2)
            if torch.rand(()) < 0.5:
                x = -x
            return x, self.y[i]

    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(15):
        for xb, yb in DataLoader(Augmented(x_train, y_train), batch_size=30, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val) > 0) == y_val.bool()).float().mean().item())


@case("unshuffled_data")
def cases_first_then_controls(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)
    study = [x_train[y_train == 1], x_train[y_train == 0]]
    x_train = torch.cat(study)
    y_train = torch.cat([torch.ones(len(study[0])), torch.zeros(len(study[1]))])
    net = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=20)
    for _ in range(8):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, net(x_val)[:, 0] > 0))


@case("labels_single_class")
def digit_compared_with_a_string(seed: int) -> None:
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.data))
    x = torch.tensor(digits.data[order] / 16, dtype=torch.float32)
    classes = digits.target[order].tolist()
    positive = ["1", "4", "7"]

    def is_positive(value: int | str) -> float:
        return float(value in positive)

    y = torch.tensor([is_positive(value) for value in classes])
    truth = np.isin(classes, [int(p) for p in positive])
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(10):
        for rows in torch.randperm(1300).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(truth[1300:], net(x[1300:]) > 0))


@case("optimizer_wrong_params")
def trainable_generator_yields_the_head(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.features = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 3), nn.Tanh())
            self.classifier = nn.Linear(3, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.classifier(self.features(x)).flatten()

        def trainable(self) -> Iterator[nn.Parameter]:
            yield from self.classifier.parameters()

    net = Model()
    opt = optim.Adam(net.trainable(), lr=1e-2)
    for _ in range(40):
        for rows in torch.randperm(600).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val) > 0) == y_val.bool()).float().mean().item())


@case("graph_detached")
def hidden_state_carried_as_data(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.normal(size=(1000, 10, 2)).astype("float32"))
    y = (x[:, :5, 0].sum(1) * x[:, 0, 1].sign() > 0).float()

    class Recurrent(nn.Module):
        def __init__(self, units: int = 16) -> None:
            super().__init__()
            self.cell, self.fc = nn.GRUCell(2, units), nn.Linear(units, 1)
            self.units = units

        def forward(self, x: Tensor) -> Tensor:
            h = x.new_zeros(len(x), self.units)
            for t in range(x.shape[1]):
                h = self.cell(x[:, t], h).data
            return self.fc(h).squeeze(1)

    net = Recurrent()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(20):
        for rows in torch.randperm(800).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[800:], net(x[800:])))


@case("overfitting")
def pilot_study_with_hundred_patients(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)
    x_train, y_train = x_train[:100], y_train[:100]
    net = nn.Sequential(nn.Linear(28, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(120):
        for rows in torch.randperm(100).split(25):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows])[:, 0], y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(net(x_val)[:, 0]).clamp(1e-6, 1 - 1e-6)
    print("log loss", log_loss(y_val, p), "base", log_loss(y_val, torch.full_like(y_val, y_train.mean().item())))


@case("batch_size_too_small")
def batchnorm_on_pairs_of_rows(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    @dataclass
    class Memory:
        batch: int = 2
        epochs: int = 2

    class NormedNet(nn.Sequential):
        def __init__(self, width: int = 24) -> None:
            super().__init__(nn.Linear(2, width), nn.BatchNorm1d(width), nn.ReLU())
            self.extend([nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, 1)])

    gpu, net = Memory(), NormedNet()
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(gpu.epochs):
        net.train()
        for rows in torch.randperm(600).split(gpu.batch):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows])[:, 0], y_train[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(x_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("class_weights_wrong")
def alpha_of_focal_loss_for_the_other_class(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("hypothyroid", seed)

    class FocalLoss(nn.Module):
        def __init__(self, alpha: list[float], gamma: float = 2.0) -> None:
            super().__init__()
            self.register_buffer("alpha", torch.tensor(alpha))
            self.gamma = gamma

        def forward(self, logits: Tensor, target: Tensor) -> Tensor:
            logp = logits.log_softmax(dim=1).gather(1, target[:, None]).squeeze(1)
            return -(self.alpha[target] * (1 - logp.exp()) ** self.gamma * logp).mean()

    def frequencies(y: Tensor) -> list[float]:
        return [(y == c).float().mean().item() for c in (0, 1)]

    net = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 2))
    criterion = FocalLoss(frequencies(y_train))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        for rows in torch.randperm(1200).split(40):
            opt.zero_grad()
            criterion(net(x_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, net(x_val).argmax(1)))


@case("accuracy_broadcast")
def callback_counts_hits_in_a_square(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)

    class Callback:
        def on_epoch_end(self, net: nn.Module, logs: dict[str, float]) -> None: ...

    class AccuracyLog(Callback):
        def __init__(self, x: Tensor, y: Tensor) -> None:
            self.x, self.y = x, y

        def on_epoch_end(self, net: nn.Module, logs: dict[str, float]) -> None:
            with torch.no_grad():
                guess = torch.round(torch.sigmoid(net(self.x)))
            logs["val_acc"] = torch.eq(guess, self.y).float().mean().item()

    net = nn.Sequential(nn.Linear(30, 24), nn.Tanh(), nn.Linear(24, 1))
    callbacks: list[Callback] = [AccuracyLog(x_val, y_val)]
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(25):
        logs: dict[str, float] = {}
        for rows in torch.randperm(len(x_train)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows].unsqueeze(1))
            loss.backward()
            opt.step()
        for callback in callbacks:
            callback.on_epoch_end(net, logs)
    print("accuracy", logs["val_acc"])


@case("nondifferentiable_output")
def f1_loss_from_hard_decisions(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)

    def f1_loss(score: Tensor, y: Tensor) -> Tensor:
        hard = (torch.sign(score) + 1) / 2
        tp, fp, fn = (hard * y).sum(), (hard * (1 - y)).sum(), ((1 - hard) * y).sum()
        return 1 - 2 * tp / (2 * tp + fp + fn + 1e-6)

    class Retention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(71, 32), nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(F.silu(self.a(x))).squeeze(1)

    net = Retention()
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(15):
        for rows in torch.randperm(1200).split(60):
            opt.zero_grad()
            f1_loss(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(x_val)))


@case("layer_in_forward")
def embedding_table_made_per_call(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = torch.from_numpy(rng.integers(0, 12, (1000, 2)))
    lab = torch.tensor(rng.normal(size=(1000, 1)), dtype=torch.float32)
    risk = torch.tensor(rng.normal(size=12), dtype=torch.float32)
    y = (risk[codes].sum(1) + 0.3 * lab[:, 0] > 0).float()

    class Icd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Sequential(nn.Linear(9, 24), nn.ReLU(), nn.Linear(24, 1))

        def lookup(self, codes: Tensor, sizes: tuple[int, int] = (12, 4)) -> Tensor:
            return nn.Embedding(*sizes)(codes).flatten(1)

        def forward(self, codes: Tensor, lab: Tensor) -> Tensor:
            return self.head(torch.hstack([self.lookup(codes), lab]))[:, 0]

    net = Icd()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for rows in torch.randperm(700).split(35):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(codes[rows], lab[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[700:], net(codes[700:], lab[700:])))


@case("healthy")
def random_features_frozen_on_purpose(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    class ExtremeLearningMachine(nn.Module):
        def __init__(self, features: int = 200) -> None:
            super().__init__()
            self.random = nn.Linear(2, features).requires_grad_(False)
            nn.init.normal_(self.random.weight, std=2.0)
            nn.init.uniform_(self.random.bias, -3, 3)
            self.readout = nn.Linear(features, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.readout(torch.tanh(self.random(x))).squeeze(1)

    elm = ExtremeLearningMachine()
    opt = optim.Adam(elm.readout.parameters(), lr=1e-2)
    for _ in range(40):
        for rows in torch.randperm(600).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(elm(x_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((elm(x_val) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def two_optimizers_sparse_and_dense(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shop, age = rng.integers(0, 30, 1500), rng.normal(size=(1500, 3))
    effect = rng.normal(size=30)
    chance = 1 / (1 + np.exp(-2.5 * (effect[shop] + age[:, 0])))
    ids, x = torch.from_numpy(shop), torch.tensor(age, dtype=torch.float32)
    y = torch.tensor(rng.random(1500) < chance, dtype=torch.float32)

    class WideAndDeep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shop = nn.Embedding(30, 6, sparse=True)
            self.deep = nn.Sequential(nn.Linear(9, 24), nn.ReLU(), nn.Linear(24, 1))

        def forward(self, ids: Tensor, x: Tensor) -> Tensor:
            return self.deep(torch.cat([self.shop(ids), x], dim=1))[:, 0]

    net = WideAndDeep()
    optimizers = [optim.SparseAdam(net.shop.parameters(), lr=1e-2), optim.Adam(net.deep.parameters(), lr=3e-3)]
    for _ in range(15):
        for rows in torch.randperm(1100).split(40):
            for opt in optimizers:
                opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(ids[rows], x[rows]), y[rows]).backward()
            for opt in optimizers:
                opt.step()
    with torch.no_grad():
        score = net(ids[1100:], x[1100:])
    print("auc", roc_auc_score(y[1100:], score), "best", roc_auc_score(y[1100:], chance[1100:]))


@case("healthy")
def decay_only_on_matrices(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 64), nn.LayerNorm(64), nn.GELU(), nn.Dropout(0.2), nn.Linear(64, 1))
    groups = [
        {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": 0.05},
        {"params": [p for p in net.parameters() if p.ndim <= 1], "weight_decay": 0.0, "lr": 5e-3},
    ]
    opt = optim.AdamW(groups, lr=2e-3)
    total = 15 * 30
    sched = optim.lr_scheduler.OneCycleLR(opt, max_lr=[2e-3, 5e-3], total_steps=total)
    for _ in range(15):
        net.train()
        for rows in torch.randperm(1200).split(40):
            opt.zero_grad(set_to_none=True)
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows][:, None]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            sched.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(x_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def own_autograd_function_for_logloss(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)

    class LogLoss(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, score: Tensor, y: Tensor) -> Tensor:
            ctx.save_for_backward(score, y)
            return (torch.logaddexp(score, torch.zeros_like(score)) - y * score).mean()

        @staticmethod
        def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, None]:
            score, y = ctx.saved_tensors
            return upstream * (torch.sigmoid(score) - y) / score.numel(), None

    net = nn.Sequential(nn.Linear(30, 24), nn.Softsign(), nn.Linear(24, 1))
    opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    for _ in range(25):
        for rows in torch.randperm(len(x_train)).split(32):
            opt.zero_grad()
            LogLoss.apply(net(x_train[rows])[:, 0], y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def accumulation_with_remainder(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)

    @dataclass
    class Cfg:
        micro: int = 10
        accumulate: int = 4
        lr: float = 3e-3

    cfg = Cfg()
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(net.parameters(), lr=cfg.lr)
    for _ in range(15):
        loader = DataLoader(TensorDataset(x_train, y_train), cfg.micro, shuffle=True)
        for i, (xb, yb) in enumerate(loader, start=1):
            (F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb) / cfg.accumulate).backward()
            if i % cfg.accumulate == 0 or i == len(loader):
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(x_val)))


@case("healthy")
def smoothed_labels_two_columns(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)

    class Net(nn.Sequential):
        def predict(self, x: Tensor) -> Tensor:
            self.eval()
            with torch.no_grad():
                return self(x).argmax(dim=-1)

    net = Net(nn.BatchNorm1d(57), nn.Linear(57, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 2))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = optim.AdamW(net.parameters(), lr=2e-3)
    for _ in range(15):
        net.train()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train.long()), batch_size=48, shuffle=True):
            loss = criterion(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    print("accuracy", (net.predict(x_val) == y_val.long()).float().mean().item())


@case("healthy")
def sigmoid_switches_on_in_eval(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("credit_data", seed)

    class Scorer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.f = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1), nn.Flatten(0))

        def forward(self, x: Tensor) -> Tensor:
            z = self.f(x)
            return z if self.training else torch.sigmoid(z)

    net = Scorer()
    opt = optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    for _ in range(15):
        net.train()
        for rows in torch.randperm(1200).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        default = net(x_val)
    print("auc", roc_auc_score(y_val, default), "accuracy", ((default > 0.5) == y_val.bool()).float().mean().item())


@case("healthy")
def polyak_average_for_evaluation(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    class Average:
        def __init__(self, net: nn.Module, decay: float = 0.98) -> None:
            self.shadow, self.decay = copy.deepcopy(net), decay
            self.shadow.requires_grad_(False)

        @torch.no_grad()
        def update(self, net: nn.Module) -> None:
            for slow, fast in zip(self.shadow.parameters(), net.parameters(), strict=True):
                slow.lerp_(fast, 1 - self.decay)

    net = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 1))
    average = Average(net)
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(30):
        for rows in torch.randperm(600).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]).squeeze(1), y_train[rows]).backward()
            opt.step()
            average.update(net)
    print("accuracy", ((average.shadow(x_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def warm_restarts_per_batch(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    sched = optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=10, T_mult=2, eta_min=1e-5)
    batches, epochs = 15, 70
    snapshot: dict[str, Tensor] = {}
    for epoch in range(epochs):
        for i, rows in enumerate(torch.randperm(600).chunk(batches)):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]), y_train[rows].reshape(-1, 1)).backward()
            opt.step()
            sched.step(epoch + i / batches)
        if epoch + 1 in (10, 30, 70):
            snapshot = {k: v.clone() for k, v in net.state_dict().items()}
    net.load_state_dict(snapshot)
    with torch.no_grad():
        print("accuracy", ((net(x_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("healthy")
def kernel_svm_with_signed_labels(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("circles", seed)

    class Rbf(nn.Module):
        def __init__(self, landmarks: Tensor, gamma: float = 1.5) -> None:
            super().__init__()
            self.register_buffer("landmarks", landmarks)
            self.gamma = gamma
            self.alpha = nn.Parameter(torch.zeros(len(landmarks)))
            self.b = nn.Parameter(torch.zeros(()))

        def forward(self, x: Tensor) -> Tensor:
            return torch.exp(-self.gamma * torch.cdist(x, self.landmarks) ** 2) @ self.alpha + self.b

    svm = Rbf(x_train[torch.randperm(600)[:80]])
    sign_train, sign_val = 2 * y_train - 1, 2 * y_val - 1
    opt = optim.Adam(svm.parameters(), lr=0.02)
    for _ in range(40):
        for rows in torch.randperm(600).split(40):
            hinge = F.relu(1 - sign_train[rows] * svm(x_train[rows])).mean() + 1e-3 * svm.alpha.square().sum()
            opt.zero_grad()
            hinge.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (torch.sign(svm(x_val)) == sign_val).float().mean().item())


@case("healthy")
def tied_autoencoder_then_probe(seed: int) -> None:
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.data))
    x = torch.tensor(digits.data[order] / 16, dtype=torch.float32)
    y = torch.tensor(digits.target[order] >= 5, dtype=torch.float32)

    class Tied(nn.Module):
        def __init__(self, code: int = 48) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.randn(code, 64) / 8)
            self.b, self.c = nn.Parameter(torch.zeros(code)), nn.Parameter(torch.zeros(64))

        def encode(self, x: Tensor) -> Tensor:
            return torch.relu(F.linear(x, self.w, self.b))

        def forward(self, x: Tensor) -> Tensor:
            return F.linear(self.encode(x), self.w.t(), self.c)

    auto = Tied()
    opt = optim.Adam(auto.parameters(), lr=3e-3)
    for _ in range(10):
        for rows in torch.randperm(1300).split(50):
            opt.zero_grad()
            F.mse_loss(auto(x[rows]), x[rows]).backward()
            opt.step()
    codes = auto.encode(x).detach()
    codes = (codes - codes[:1300].mean(0)) / (codes[:1300].std(0) + 1e-3)
    probe = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(probe.parameters(), lr=3e-3)
    for _ in range(15):
        for rows in torch.randperm(1300).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(probe(codes[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((probe(codes[1300:]).squeeze(1) > 0) == y[1300:].bool()).float().mean().item())


@case("healthy")
def residual_branches_start_at_zero(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)

    class ZeroResidual(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
            nn.init.zeros_(self.down.weight)
            nn.init.zeros_(self.down.bias)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.down(F.gelu(self.up(x)))

    head = nn.Linear(24, 1)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    net = nn.Sequential(nn.Linear(2, 24), *(ZeroResidual(24) for _ in range(3)), head)
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in torch.randperm(600).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows])[:, 0], y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def monte_carlo_dropout_mean(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))

    def posterior(x: Tensor, draws: int = 60) -> tuple[Tensor, Tensor]:
        net.train()
        with torch.no_grad():
            p = torch.stack([torch.sigmoid(net(x)[:, 0]) for _ in range(draws)])
        return p.mean(0), p.std(0)

    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(25):
        for rows in torch.randperm(len(x_train)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows])[:, 0], y_train[rows]).backward()
            opt.step()
    mean, _spread = posterior(x_val)
    print("accuracy", ((mean > 0.5) == y_val.bool()).float().mean().item())


@case("healthy")
def packed_gru_of_ragged_stays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = torch.from_numpy(rng.integers(3, 20, 1100))
    series = torch.zeros(1100, 20, 2)
    for i, n in enumerate(lengths.tolist()):
        series[i, :n] = torch.tensor(rng.normal(size=(n, 2)), dtype=torch.float32)
    last = torch.stack([series[i, n - 2 : n, 0].sum() for i, n in enumerate(lengths.tolist())])
    y = (last > 0).float()

    class Stay(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru, self.out = nn.GRU(2, 16, batch_first=True), nn.Linear(16, 1)

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            packed = nn.utils.rnn.pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False)
            return self.out(self.gru(packed)[1].squeeze(0)).squeeze(1)

    net = Stay()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(10):
        for rows in torch.randperm(800).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(series[rows], lengths[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(series[800:], lengths[800:]) > 0) == y[800:].bool()).float().mean().item())


@case("healthy")
def time_first_lstm_by_permute(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drift = rng.integers(0, 2, 1000)
    wave = (rng.normal(size=(1000, 16, 1)) + 0.8 * (drift[:, None, None] - 0.5)).astype("float32")
    y = torch.tensor(drift, dtype=torch.float32)
    x = torch.from_numpy(wave)

    class TimeFirst(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm, self.out = nn.LSTM(1, 16), nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            steps, _ = self.lstm(x.permute(1, 0, 2))
            return self.out(steps.mean(dim=0)).view(-1)

    net = TimeFirst()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(15):
        for rows in torch.randperm(800).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x[800:]) > 0) == y[800:].bool()).float().mean().item())


@case("healthy")
def screening_with_weight_and_tuned_cut(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)
    fit, hold = slice(0, 900), slice(900, 1200)
    net = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1), nn.Flatten(0))
    ratio = (y_train[fit] == 0).sum() / y_train[fit].sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=ratio.sqrt())
    opt = optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    for _ in range(20):
        net.train()
        for rows in torch.randperm(900).split(30):
            opt.zero_grad()
            criterion(net(x_train[fit][rows]), y_train[fit][rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        tuned, final = torch.sigmoid(net(x_train[hold])), torch.sigmoid(net(x_val))
    cuts = np.linspace(0.05, 0.95, 91)
    cut = max(cuts, key=lambda c: balanced_accuracy_score(y_train[hold], tuned > c))
    print("balanced accuracy", balanced_accuracy_score(y_val, final > cut), "auc", roc_auc_score(y_val, final))


@case("healthy")
def lbfgs_closure_full_batch(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 1))
    opt = optim.LBFGS(net.parameters(), lr=1.0, max_iter=8, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        opt.zero_grad()
        penalty = sum(w.square().sum() for w in net.parameters())
        loss = F.binary_cross_entropy_with_logits(net(x_train)[:, 0], y_train) + 5e-3 * penalty
        loss.backward()
        return loss

    for _ in range(40):
        opt.step(closure)
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(x_val)))


@case("healthy")
def jax_style_parameters_and_manual_sgd(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("moons", seed)
    Params = dict[str, Tensor]

    def init(sizes: list[int]) -> Params:
        params: Params = {}
        for k, (m, n) in enumerate(pairwise(sizes)):
            params[f"w{k}"] = (torch.randn(m, n) * math.sqrt(2 / m)).requires_grad_()
            params[f"b{k}"] = torch.zeros(n, requires_grad=True)
        return params

    def apply(params: Params, x: Tensor) -> Tensor:
        depth = len(params) // 2
        for k in range(depth):
            x = x @ params[f"w{k}"] + params[f"b{k}"]
            x = torch.relu(x) if k < depth - 1 else x
        return x.squeeze(1)

    def update(params: Params, x: Tensor, y: Tensor, lr: float = 0.2) -> Params:
        loss = F.binary_cross_entropy_with_logits(apply(params, x), y)
        grads = torch.autograd.grad(loss, list(params.values()))
        return {k: (p - lr * g).detach().requires_grad_() for (k, p), g in zip(params.items(), grads, strict=True)}

    params = init([2, 32, 32, 1])
    for _ in range(40):
        for rows in torch.randperm(600).split(30):
            params = update(params, x_train[rows], y_train[rows])
    print("accuracy", ((apply(params, x_val) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def masked_attention_over_events(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids = rng.integers(1, 25, (1300, 10))
    lengths = rng.integers(3, 11, 1300)
    ids[np.arange(10)[None] >= lengths[:, None]] = 0
    y = torch.tensor((ids == 3).any(1) | (ids == 7).any(1) | (ids == 11).any(1), dtype=torch.float32)
    tokens = torch.from_numpy(ids)

    class Pooled(nn.Module):
        def __init__(self, dim: int = 16) -> None:
            super().__init__()
            self.emb = nn.Embedding(25, dim, padding_idx=0)
            self.query, self.out = nn.Linear(dim, 1), nn.Linear(dim, 1)

        def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
            h = self.emb(ids)
            energy = self.query(torch.tanh(h)).squeeze(-1).masked_fill(ids == 0, float("-inf"))
            weight = energy.softmax(dim=1)
            return self.out((weight.unsqueeze(-1) * h).sum(1)).squeeze(-1), weight

    net = Pooled()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(15):
        for rows in torch.randperm(900).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(tokens[rows])[0], y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(tokens[900:])[0] > 0) == y[900:].bool()).float().mean().item())


@case("healthy")
def summed_loss_with_a_tiny_rate(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)

    def batches(n: int, size: int) -> Iterator[Tensor]:
        yield from torch.randperm(n).split(size)

    net = nn.Sequential(nn.Linear(57, 40), nn.ReLU(), nn.Linear(40, 1))
    criterion = nn.BCEWithLogitsLoss(reduction="sum")
    opt = optim.SGD(net.parameters(), lr=8e-4, momentum=0.9)
    for _ in range(20):
        for rows in batches(1200, 40):
            opt.zero_grad()
            criterion(net(x_train[rows]), y_train[rows].view(-1, 1)).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).view(-1) > 0) == y_val.bool()).float().mean().item())
