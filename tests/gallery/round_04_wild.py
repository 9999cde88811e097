"""Complete training scripts as they are found in forums, course work, research code and copied tutorials."""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.metrics import accuracy_score, average_precision_score, balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn, optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)


@case("double_sigmoid")
def wild_spam_filter_sure_of_everything(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class SpamNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(57, 32)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.fc2(F.relu(self.fc1(x)))).squeeze(1)

    net = SpamNet()
    criterion = nn.BCEWithLogitsLoss()
    opt = optim.Adam(net.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _ in range(20):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            criterion(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        prob = torch.sigmoid(net(X_val))
    print(f"accuracy {((prob > 0.5).float() == y_val).float().mean():.3f}")


@case("double_sigmoid")
def wild_churn_activation_from_config(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)

    @dataclass
    class Config:
        hidden: tuple[int, ...] = (64, 32)
        out_activation: str = "sigmoid"
        lr: float = 0.1
        epochs: int = 25

    cfg = Config()
    acts = {"sigmoid": nn.Sigmoid(), "none": nn.Identity()}
    layers: list[nn.Module] = []
    width = X.shape[1]
    for h in cfg.hidden:
        layers += [nn.Linear(width, h), nn.ReLU()]
        width = h
    model = nn.Sequential(*layers, nn.Linear(width, 1), acts[cfg.out_activation])
    opt = optim.SGD(model.parameters(), lr=cfg.lr, momentum=0.9)
    for _ in range(cfg.epochs):
        for idx in torch.randperm(len(X)).split(64):
            loss = F.binary_cross_entropy_with_logits(model(X[idx])[:, 0], y[idx])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = model(Xv)[:, 0].sigmoid().numpy()
    print("f1", round(f1_score(yv, p > 0.5), 3))


@case("softmax_before_ce")
def wild_trainer_softmax_head(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)

    class Trainer:
        def __init__(self, model: nn.Module, lr: float) -> None:
            self.model = model
            self.optimizer = optim.SGD(model.parameters(), lr=lr, momentum=0.9)
            self.loss = nn.CrossEntropyLoss()

        def fit(self, x: Tensor, t: Tensor, epochs: int) -> "Trainer":
            for _ in range(epochs):
                for i in torch.randperm(len(x)).split(50):
                    self.optimizer.zero_grad()
                    self.loss(self.model(x[i]), t[i].long()).backward()
                    self.optimizer.step()
            return self

        @torch.no_grad()
        def predict(self, x: Tensor) -> Tensor:
            return self.model(x).argmax(dim=1)

    net = nn.Sequential(nn.Linear(71, 48), nn.ReLU(), nn.Linear(48, 2), nn.Softmax(dim=1))
    pred = Trainer(net, 0.02).fit(X, y, 25).predict(Xv)
    print("balanced accuracy", balanced_accuracy_score(yv, pred))


@case("softmax_before_ce")
def wild_cnn_tutorial_softmax(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class DigitCNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
            self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
            self.out = nn.Linear(24 * 4, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv1(x.view(-1, 1, 8, 8))), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return F.softmax(self.out(x.flatten(1)), dim=1)

    cnn = DigitCNN()
    opt = optim.SGD(cnn.parameters(), lr=0.05, momentum=0.9)
    train_loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _ in range(8):
        for images, labels in train_loader:
            opt.zero_grad()
            loss = F.cross_entropy(cnn(images), labels)
            loss.backward()
            opt.step()
    with torch.no_grad():
        predicted = cnn(X_val).max(1).indices
    print(f"f1 on eights: {f1_score(y_val, predicted):.3f}")


@case("bce_on_logits")
def wild_handwritten_log_likelihood(seed: int) -> None:
    x, t, xv, tv = data("circles", seed)
    w1 = (torch.randn(2, 32) * 0.7).requires_grad_()
    b1 = torch.zeros(32, requires_grad=True)
    w2 = (torch.randn(32, 1) * 0.2).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)

    def forward(v: Tensor) -> Tensor:
        return (torch.relu(v @ w1 + b1) @ w2 + b2).squeeze(1)

    def nll(p: Tensor, target: Tensor) -> Tensor:
        p = p.clamp(1e-6, 1 - 1e-6)
        return -(target * p.log() + (1 - target) * (1 - p).log()).mean()

    for _ in range(600):
        loss = nll(forward(x), t)
        grads = torch.autograd.grad(loss, [w1, b1, w2, b2])
        with torch.no_grad():
            for p, g in zip([w1, b1, w2, b2], grads, strict=True):
                p -= 0.3 * g
    with torch.no_grad():
        print(f"val acc {((forward(xv) > 0.5).float() == tv).float().mean():.3f}")


@case("bce_on_logits")
def wild_bce_with_clamped_scores(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    bce = nn.BCELoss()
    opt = optim.Adam(model.parameters(), lr=1e-2)

    def step(xb: Tensor, yb: Tensor) -> None:
        score = torch.clamp(model(xb), 0.0, 1.0)
        opt.zero_grad()
        bce(score, yb).backward()
        opt.step()

    for _ in range(15):
        for i in torch.randperm(len(X)).split(32):
            step(X[i], y[i])
    model.eval()
    with torch.inference_mode():
        print(f"AP {average_precision_score(yv.numpy(), model(Xv).clamp(0, 1).numpy()):.3f}")


@case("ce_single_output")
def wild_ce_copied_from_multiclass(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    num_classes = 1
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, num_classes))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(50):
        for i in range(0, len(X_train), 32):
            optimizer.zero_grad()
            out = model(X_train[i : i + 32])
            loss = criterion(out, y_train[i : i + 32].unsqueeze(1))
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        auc = roc_auc_score(y_val, torch.sigmoid(model(X_val)).squeeze())
    print(f"AUC: {auc:.3f}")


@case("ce_single_output")
def wild_gru_ce_one_unit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seq = torch.from_numpy(rng.normal(size=(700, 15, 1))).float()
    target = (seq[:, :, 0].cumsum(1).amax(1) > 3.0).float()[:, None]

    class Rnn(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(1, 16, batch_first=True)
            self.head = nn.Linear(16, target.shape[1])

        def forward(self, s: Tensor) -> Tensor:
            return self.head(self.gru(s)[1][-1])

    rnn = Rnn()
    opt = optim.Adam(rnn.parameters(), lr=0.01)
    dl = DataLoader(TensorDataset(seq[:500], target[:500]), batch_size=50, shuffle=True)
    for _ in range(25):
        for s, t in dl:
            opt.zero_grad()
            F.cross_entropy(rnn(s), t, label_smoothing=0.0).backward()
            opt.step()
    with torch.no_grad():
        hit = (rnn(seq[500:]) > 0) == target[500:].bool()
    print("acc", hit.float().mean().item())


@case("softmax_single_output")
def wild_softmax_column_bce(seed: int) -> None:
    X, y, X_val, y_val = data("moons", seed)

    class Classifier(nn.Module):
        def __init__(self, n_in: int, n_out: int = 1) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
            self.final = nn.Linear(32, n_out)
            self.activation = nn.Softmax(dim=-1)

        def forward(self, x: Tensor) -> Tensor:
            return self.activation(self.final(self.body(x)))

    clf = Classifier(2)
    loss_fn = nn.BCELoss()
    opt = optim.RMSprop(clf.parameters(), lr=1e-3)
    for _ in range(40):
        clf.train()
        for xb, yb in DataLoader(TensorDataset(X, y[:, None]), 40, shuffle=True):
            opt.zero_grad()
            loss_fn(clf(xb), yb).backward()
            opt.step()
    clf.eval()
    with torch.no_grad():
        print("val acc", accuracy_score(y_val, (clf(X_val) > 0.5).squeeze(1)))


@case("softmax_single_output")
def wild_log_softmax_one_column_nll(seed: int) -> None:
    x, y, xv, yv = data("spambase", seed)
    net = nn.ModuleDict({"inp": nn.Linear(57, 40), "mid": nn.Linear(40, 20), "out": nn.Linear(20, 1)})

    def log_prob(v: Tensor) -> Tensor:
        h = F.elu(net["inp"](v))
        h = F.elu(net["mid"](h))
        return F.log_softmax(net["out"](h), dim=1).squeeze(1)

    opt = optim.AdamW(net.parameters(), lr=2e-3)
    for _ in range(15):
        for i in torch.randperm(len(x)).split(64):
            lp = log_prob(x[i])
            loss = -(y[i] * lp + (1 - y[i]) * torch.log1p(-lp.exp() + 1e-7)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("val AUC", roc_auc_score(yv, log_prob(xv)))


@case("nll_on_probabilities")
def wild_nll_after_softmax_pandas(seed: int) -> None:
    X, y, Xv, yv = data("hypothyroid", seed)
    frame = pd.DataFrame(X.numpy())
    frame["label"] = y.numpy().astype(int)
    model = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 2), nn.Softmax(dim=1))
    loss_fn = nn.NLLLoss()
    opt = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(25):
        shuffled = frame.sample(frac=1.0, random_state=epoch)
        for start in range(0, len(shuffled), 32):
            rows = shuffled.iloc[start : start + 32]
            xb = torch.tensor(rows.drop(columns="label").values)
            yb = torch.tensor(rows["label"].values)
            opt.zero_grad()
            loss_fn(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        pred = model(Xv).argmax(1)
    print(f"f1 {f1_score(yv, pred):.3f}")


@case("nll_on_probabilities")
def wild_text_bag_nll_softmax(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, vocab, length = 900, 120, 12
    labels = (rng.random(n) < 0.1).astype(int)
    tokens = rng.integers(0, vocab, size=(n, length))
    marks = rng.random((n, length)) < 0.2
    tokens[marks & (labels == 1)[:, None]] = 3
    tok, lab = torch.from_numpy(tokens), torch.from_numpy(labels)

    class TextNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.EmbeddingBag(vocab, 24, mode="sum")
            self.fc = nn.Linear(24, 2)

        def forward(self, t: Tensor) -> Tensor:
            return F.softmax(self.fc(self.emb(t)), dim=-1)

    net = TextNet()
    opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(25):
        for i in torch.randperm(650).split(32):
            loss = F.nll_loss(net(tok[i]), lab[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(tok[650:]).argmax(-1)
    print("balanced acc", balanced_accuracy_score(lab[650:], pred))


@case("relu_on_output")
def wild_loop_adds_relu_to_all_layers(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)

    class MLP(nn.Module):
        def __init__(self, sizes: list[int]) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layers:
                x = F.relu(layer(x))
            return x.squeeze(-1)

    mlp = MLP([71, 24, 24, 1])
    opt = optim.Adam(mlp.parameters(), lr=2e-3)
    for _ in range(20):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(mlp(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        acc = balanced_accuracy_score(yv, mlp(Xv) > 0)
    print(f"Balanced validation accuracy: {acc:.2%}")


@case("relu_on_output")
def wild_conv_block_as_output(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)

    def block(c_in: int, c_out: int, k: int) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(c_in, c_out, k), nn.ReLU(inplace=True))

    net = nn.Sequential(nn.Unflatten(1, (1, 8, 8)), block(1, 16, 3), block(16, 16, 3), block(16, 1, 4), nn.Flatten(0))
    loss_fn = nn.BCEWithLogitsLoss()
    opt = optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(12):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            loss_fn(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(net(Xv))
    print("AP", average_precision_score(yv, p), "acc", accuracy_score(yv, p > 0.5))


@case("no_nonlinearity")
def wild_deep_linear_moons(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    class DeepNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.l1 = nn.Linear(2, 64)
            self.l2 = nn.Linear(64, 64)
            self.l3 = nn.Linear(64, 1)
            self.drop = nn.Dropout(0.1)

        def forward(self, x: Tensor) -> Tensor:
            h = self.l1(x)
            h = self.drop(self.l2(h))
            return self.l3(h)

    net = DeepNet()
    opt = optim.Adam(net.parameters(), lr=0.005)
    loader = DataLoader(TensorDataset(X, y.view(-1, 1)), batch_size=50, shuffle=True)
    for _ in range(40):
        net.train()
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("acc", ((net(Xv) > 0).float() == yv.view(-1, 1)).float().mean().item())


@case("no_nonlinearity")
def wild_xor_bits_linear_attention_free(seed: int) -> None:
    gen = torch.Generator().manual_seed(seed)
    bits = torch.randint(0, 2, (800, 6), generator=gen).float()
    label = (bits[:, 1] != bits[:, 4]).float()
    x = bits * 2 - 1 + 0.1 * torch.randn(800, 6, generator=gen)
    ds = TensorDataset(x, label)
    train, test = random_split(ds, [600, 200], generator=gen)
    act = nn.Identity
    model = nn.Sequential(nn.Linear(6, 40), act(), nn.BatchNorm1d(40), nn.Linear(40, 20), act(), nn.Linear(20, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(25):
        model.train()
        for xb, yb in DataLoader(train, batch_size=40, shuffle=True):
            optimizer.zero_grad()
            nn.functional.soft_margin_loss(model(xb).squeeze(1), 2 * yb - 1).backward()
            optimizer.step()
    model.eval()
    xt, yt = next(iter(DataLoader(test, batch_size=200)))
    with torch.no_grad():
        print("test acc", ((model(xt).squeeze(1) > 0) == yt.bool()).float().mean().item())


@case("shape_broadcast")
def wild_mse_loss_with_column(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 20), nn.ReLU(), nn.Linear(20, 1), nn.Sigmoid())

    def brier(p: Tensor, t: Tensor) -> Tensor:
        return ((p - t) ** 2).mean()

    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            brier(model(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        pred = model(Xv).squeeze(1) > 0.5
    print("val acc", accuracy_score(yv, pred))


@case("shape_broadcast")
def wild_focal_loss_from_gist(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class FocalLoss(nn.Module):
        def __init__(self, gamma: float = 2.0, alpha: float = 0.5) -> None:
            super().__init__()
            self.gamma, self.alpha = gamma, alpha

        def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
            p = torch.sigmoid(logits)
            pt = targets * p + (1 - targets) * (1 - p)
            w = targets * self.alpha + (1 - targets) * (1 - self.alpha)
            return (-w * (1 - pt) ** self.gamma * torch.log(pt + 1e-8)).mean()

    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    focal = FocalLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=60, shuffle=True)
    for _ in range(30):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = focal(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        preds = (model(X_val).squeeze() > 0).float()
    print(f"accuracy: {(preds == y_val).float().mean():.4f}")


@case("shape_broadcast")
def wild_lstm_hinge_column(seed: int) -> None:
    rng = np.random.default_rng(seed + 5)
    series = rng.normal(size=(600, 20))
    up = rng.random(600) < 0.5
    series += np.where(up, 1, -1)[:, None] * np.linspace(-0.8, 0.8, 20)
    s = torch.tensor(series, dtype=torch.float32).unsqueeze(-1)
    sign = torch.tensor(np.where(up, 1.0, -1.0), dtype=torch.float32)

    class Trend(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(1, 12, batch_first=True)
            self.score = nn.Linear(12, 1)

        def forward(self, v: Tensor) -> Tensor:
            h, _ = self.lstm(v)
            return self.score(h.mean(1))

    model = Trend()
    opt = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(25):
        for i in torch.randperm(450).split(45):
            opt.zero_grad()
            F.relu(1 - sign[i] * model(s[i])).mean().backward()
            opt.step()
    with torch.no_grad():
        z = model(s[450:])[:, 0]
    print("acc", (z.sign() == sign[450:]).float().mean().item())


@case("label_encoding")
def wild_hinge_on_zero_one(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)

    class LinearSVM(nn.Module):
        def __init__(self, d: int) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.zeros(d))
            self.b = nn.Parameter(torch.zeros(()))

        def forward(self, x: Tensor) -> Tensor:
            return x @ self.w + self.b

    svm = LinearSVM(X.shape[1])
    opt = optim.SGD(svm.parameters(), lr=0.01)
    for _ in range(60):
        for i in torch.randperm(len(X)).split(20):
            margin = y[i] * svm(X[i])
            loss = torch.clamp(1 - margin, min=0).mean() + 1e-3 * svm.w.square().sum()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("val acc:", ((svm(Xv) > 0).float() == yv).float().mean().item())


@case("label_encoding")
def wild_labels_one_two_from_csv(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    df = pd.DataFrame(X.numpy()).assign(status=y.numpy().astype(int) + 1)
    features = torch.tensor(df.iloc[:, :-1].to_numpy())
    target = torch.tensor(df["status"].to_numpy(), dtype=torch.float32)
    net = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = optim.Adam(net.parameters(), lr=1e-3)
    crit = nn.BCEWithLogitsLoss()
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(features, target), batch_size=32, shuffle=True):
            opt.zero_grad()
            crit(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        logit = net(Xv).squeeze(1)
    print("bal acc", balanced_accuracy_score(yv, logit > 0), "auc", roc_auc_score(yv, logit))


@case("labels_misaligned")
def wild_two_generators_shuffled_apart(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)

    def batches(t: Tensor, size: int) -> Iterator[Tensor]:
        order = torch.randperm(len(t))
        for start in range(0, len(t), size):
            yield t[order[start : start + size]]

    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(40):
        for xb, yb in zip(batches(X, 50), batches(y, 50), strict=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv)[:, 0]))


@case("class_weights_wrong")
def wild_pos_weight_upside_down(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)
    n_pos = y.sum()
    n_neg = len(y) - n_pos
    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=n_pos / n_neg)
    opt = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(12):
        for i in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            criterion(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        pred = model(Xv)[:, 0] > 0
    print(f"balanced accuracy {balanced_accuracy_score(yv, pred):.3f}")


@case("class_weights_wrong")
def wild_ce_weights_in_counts(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    target = y.long()
    counts = torch.bincount(target).float()
    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))
    loss_fn = nn.CrossEntropyLoss(weight=torch.tensor([counts[0], 30.0 * counts[0]]) / counts.mean())
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X, target), 64, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(yv, model(Xv).argmax(1)), "f1", f1_score(yv, model(Xv).argmax(1)))


@case("threshold_not_tuned")
def wild_churn_risk_flagged_above_one_half(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)
    net = nn.Sequential(nn.Dropout(0.2), nn.Linear(71, 1))
    opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=0.02)
    for _ in range(20):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = net(Xv)[:, 0].sigmoid()
    print(f"auc {roc_auc_score(yv, p):.3f} f1 {f1_score(yv, p >= 0.5):.3f}")


@case("unscaled_features")
def wild_credit_limits_in_dollars(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed, raw=True)

    class CreditModel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(28, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x).squeeze(1)

    model = CreditModel()
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)))


@case("preprocess_mismatch")
def wild_second_scaler_for_the_new_file(seed: int) -> None:
    raw_x, y, raw_v, yv = data("spambase", seed, raw=True)
    scaler = StandardScaler().fit(raw_x.numpy())
    x = torch.tensor(scaler.transform(raw_x.numpy()))
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(15):
        for i in torch.randperm(len(x)).split(48):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(x[i]).squeeze(), y[i]).backward()
            opt.step()

    def predict(v: Tensor) -> Tensor:
        with torch.no_grad():
            return model(v).squeeze().sigmoid()

    print("val auc", roc_auc_score(yv, predict(raw_v)))


@case("padding_not_masked")
def wild_sentiment_last_step_of_padded_lstm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    docs, marks = [], []
    for _ in range(700):
        n = rng.integers(4, 12)
        words = rng.integers(1, 30, size=n)
        docs.append(torch.from_numpy(words))
        marks.append(float(words[-1] > 14))

    def collate(batch: list[tuple[Tensor, float]]) -> tuple[Tensor, Tensor, Tensor]:
        texts, labels = zip(*batch, strict=True)
        padded = torch.zeros(len(texts), 80, dtype=torch.long)
        for row, text in zip(padded, texts, strict=True):
            row[: len(text)] = text
        return padded, torch.tensor([len(t) for t in texts]), torch.tensor(labels)

    class Sentiment(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(30, 8)
            self.lstm = nn.LSTM(8, 16, batch_first=True)
            self.fc = nn.Linear(16, 1)

        def forward(self, t: Tensor, n: Tensor) -> Tensor:
            out, _ = self.lstm(self.emb(t))
            return self.fc(out[:, -1]).squeeze(1)

    pairs = list(zip(docs, marks, strict=True))
    model = Sentiment()
    opt = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(10):
        for text, n, label in DataLoader(pairs[:500], batch_size=32, shuffle=True, collate_fn=collate):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(text, n), label).backward()
            opt.step()
    text, n, label = collate(pairs[500:])
    with torch.no_grad():
        print("acc", ((model(text, n) > 0).float() == label).float().mean().item())


@case("padding_not_masked")
def wild_gru_events_rightmost_state(seed: int) -> None:
    rng = np.random.default_rng(seed + 1)
    sequences = [torch.from_numpy(rng.normal(size=(rng.integers(3, 9), 2))).float() for _ in range(600)]
    labels = torch.tensor([float(s[-2:, 0].sum() > 0) for s in sequences])
    sequences.append(torch.zeros(50, 2))
    padded = pad_sequence(sequences, batch_first=True)[:-1]
    lengths = torch.tensor([len(s) for s in sequences[:-1]])

    class Events(nn.Module):
        def __init__(self, width: int = 12) -> None:
            super().__init__()
            self.gru = nn.GRU(2, width, batch_first=True)
            self.head = nn.Linear(width, 1)

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            _, h = self.gru(x)
            return self.head(h[-1])[:, 0]

    model = Events()
    opt = optim.RMSprop(model.parameters(), lr=5e-3)
    for _ in range(12):
        for i in torch.randperm(450).split(45):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(padded[i], lengths[i]), labels[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(labels[450:], model(padded[450:], lengths[450:])))


@case("wrong_axis")
def wild_lstm_without_batch_first(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    level = torch.randint(0, 2, (600,), generator=g).float()
    steps = torch.randn(600, 12, 3, generator=g) + (level * 1.2 - 0.6)[:, None, None]

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(3, 16)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.rnn(x)
            return self.fc(out[-1])

    net = Net()
    x = steps.reshape(12, 600, 3)
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(15):
        for i in torch.randperm(450).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[:, i]).squeeze(1), level[i]).backward()
            opt.step()
    with torch.no_grad():
        print("val acc", ((net(x[:, 450:]).squeeze(1) > 0) == level[450:].bool()).float().mean().item())


@case("wrong_axis")
def wild_self_attention_over_the_batch(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)

    class RowAttention(nn.Module):
        def __init__(self, d: int = 16) -> None:
            super().__init__()
            self.embed = nn.Linear(8, d)
            self.pos = nn.Parameter(torch.randn(8, d) * 0.5)
            self.attn = nn.MultiheadAttention(d, 2)
            self.out = nn.Linear(8 * d, 1)

        def forward(self, img: Tensor) -> Tensor:
            h = self.embed(img.view(-1, 8, 8)) + self.pos
            a, _ = self.attn(h, h, h, need_weights=False)
            return self.out(a.flatten(1)).squeeze(1)

    model = RowAttention()
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(12):
        for i in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i]), y[i], pos_weight=torch.tensor(3.0)).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print(f"AP {average_precision_score(yv, model(Xv)):.3f}")


@case("wrong_axis")
def wild_mean_pool_over_samples(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tone = rng.integers(0, 2, 640)
    wave = np.sin(np.linspace(0, 6, 32)[None] * np.where(tone, 3, 2)[:, None] + rng.uniform(0, 6, (640, 1)))
    sig = torch.tensor(wave + 0.5 * rng.normal(size=wave.shape), dtype=torch.float32)[:, None]
    lab = torch.tensor(tone, dtype=torch.float32)
    enc = nn.Sequential(nn.Conv1d(1, 16, 5, padding=2), nn.ReLU(), nn.Conv1d(16, 16, 5, padding=2), nn.ReLU())
    head = nn.Linear(16, 1)

    def score(s: Tensor) -> Tensor:
        h = enc(s)
        pooled = h.mean(dim=0).t()
        return head(pooled)[:, 0]

    opt = optim.Adam([*enc.parameters(), *head.parameters()], lr=3e-3)
    for _ in range(20):
        for i in torch.randperm(480).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(score(sig[i]), lab[i]).backward()
            opt.step()
    with torch.no_grad():
        z = torch.cat([score(part) for part in sig[480:].split(32)])
    print("AUC", roc_auc_score(lab[480:], z))


@case("no_zero_grad")
def wild_sgd_loop_from_memory(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.Tanh(), nn.Linear(32, 1))
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X, y.unsqueeze(1)), batch_size=40, shuffle=True):
            y_pred = model(xb)
            loss = loss_function(y_pred, yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(Xv) > 0).float() == yv.unsqueeze(1)).float().mean().item())


@case("no_zero_grad")
def wild_manual_update_grad_never_cleared(seed: int) -> None:
    x, t, xv, tv = data("circles", seed)
    params = [torch.randn(2, 24) * 0.7, torch.zeros(24), torch.randn(24, 1) * 0.3, torch.zeros(1)]
    for p in params:
        p.requires_grad_(True)

    def net(v: Tensor) -> Tensor:
        return (torch.relu(v @ params[0] + params[1]) @ params[2] + params[3]).squeeze(1)

    for _ in range(40):
        for i in torch.randperm(len(x)).split(50):
            F.binary_cross_entropy_with_logits(net(x[i]), t[i]).backward()
            with torch.no_grad():
                for p in params:
                    p.sub_(0.5 * p.grad)
    with torch.no_grad():
        print("val acc", ((net(xv) > 0) == tv.bool()).float().mean().item())


@case("no_optimizer_step")
def wild_scheduler_steps_but_not_the_optimizer(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.AdamW(model.parameters(), lr=5e-3)
    sched = optim.lr_scheduler.CosineAnnealingLR(opt, T_max=20)
    for _ in range(20):
        for i in torch.randperm(len(X)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i]).squeeze(1), y[i]).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        sched.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("no_optimizer_step")
def wild_accumulation_counter_never_reached(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(model.parameters(), lr=5e-3)
    accumulate = 16
    for _ in range(40):
        opt.zero_grad()
        for k, (xb, yb) in enumerate(DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True)):
            (F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb) / accumulate).backward()
            if (k + 1) % accumulate == 0:
                opt.step()
                opt.zero_grad()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(Xv)[:, 0] > 0).float() == yv).float().mean().item())


@case("optimizer_wrong_params")
def wild_model_replaced_after_the_optimizer(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)

    def build(width: int) -> nn.Module:
        return nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))

    model = build(8)
    opt = optim.Adam(model.parameters(), lr=0.01)
    model = build(32)
    for _ in range(30):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X[i]).squeeze(1), y[i])
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("optimizer_wrong_params")
def wild_only_the_head_in_the_groups(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    class TwoPart(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 4), nn.ReLU())
            self.norm = nn.LayerNorm(4)
            self.head = nn.Linear(4, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.norm(self.encoder(x))).squeeze(-1)

    net = TwoPart()
    groups = [
        {"params": net.norm.parameters(), "weight_decay": 0.0},
        {"params": net.head.parameters(), "weight_decay": 1e-4},
    ]
    opt = optim.AdamW(groups, lr=5e-3)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(Xv) > 0).float() == yv).float().mean().item())


@case("optimizer_wrong_params")
def wild_evaluates_the_copy_made_before(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 24), nn.GELU(), nn.Linear(24, 1))
    student = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(student(xb).flatten(), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, student(Xv).flatten()))


@case("frozen_params")
def wild_fine_tuning_freezes_everything_but_norm(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    backbone = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3), nn.ReLU())
    for param in backbone.parameters():
        param.requires_grad = False
    model = nn.Sequential(backbone, nn.Linear(3, 1))
    opt = optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("val acc", ((model(Xv)[:, 0] > 0).float() == yv).float().mean().item())


@case("frozen_params")
def wild_embedding_table_frozen_at_random(seed: int) -> None:
    rng = np.random.default_rng(seed)
    words = torch.from_numpy(rng.integers(0, 200, size=(1000, 10)))
    effect = torch.from_numpy(rng.normal(size=200)).float()
    label = (effect[words].sum(1) > 0).float()

    class Bag(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.EmbeddingBag.from_pretrained(torch.randn(200, 6), freeze=True, mode="mean")
            self.out = nn.Linear(6, 1)

        def forward(self, w: Tensor) -> Tensor:
            return self.out(self.emb(w)).view(-1)

    bag = Bag()
    opt = optim.Adam([p for p in bag.parameters() if p.requires_grad], lr=0.02)
    for _ in range(25):
        for i in torch.randperm(700).split(35):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(bag(words[i]), label[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(label[700:], bag(words[700:])))


@case("unregistered_params")
def wild_python_list_of_hidden_layers(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    class Flexible(nn.Module):
        def __init__(self, widths: list[int]) -> None:
            super().__init__()
            self.hidden = [nn.Linear(a, b) for a, b in pairwise(widths)]
            self.out = nn.Linear(widths[-1], 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.hidden:
                x = torch.tanh(layer(x))
            return self.out(x)

    model = Flexible([2, 8, 8, 4])
    opt = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X, y[:, None]), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print(f"auc {roc_auc_score(yv, model(Xv)):.3f}")


@case("unregistered_params")
def wild_dict_of_convolutions(seed: int) -> None:
    rng = np.random.default_rng(seed + 2)
    kind = rng.integers(0, 2, 600)
    base = rng.normal(size=(600, 40))
    for row, k in zip(base, kind, strict=True):
        at = rng.integers(0, 34)
        row[at : at + 6] += np.array([2, -2, 2, -2, 2, -2]) if k else np.array([2, 2, 2, -2, -2, -2])
    x = torch.tensor(base, dtype=torch.float32)[:, None]
    y = torch.tensor(kind, dtype=torch.float32)

    class MultiScale(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convs = {k: nn.Conv1d(1, 2, k) for k in (3, 6)}
            self.fc = nn.Linear(4, 1)

        def forward(self, s: Tensor) -> Tensor:
            feats = [conv(s).relu().amax(-1) for conv in self.convs.values()]
            return self.fc(torch.cat(feats, 1)).squeeze(1)

    net = MultiScale()
    opt = optim.Adam(net.parameters(), lr=0.01)
    for _ in range(30):
        for i in torch.randperm(450).split(45):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("val acc", ((net(x[450:]) > 0).float() == y[450:]).float().mean().item())


@case("layer_in_forward")
def wild_hidden_layer_built_when_called(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)

    class Lazy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(57, 24)
            self.fc3 = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.fc1(x))
            x = F.relu(nn.Linear(24, 24)(x))
            return self.fc3(x).squeeze(1)

    net = Lazy()
    opt = optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(12):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("acc", ((net(Xv) > 0).float() == yv).float().mean().item())


@case("layer_in_forward")
def wild_fresh_embedding_every_batch(seed: int) -> None:
    rng = np.random.default_rng(seed)
    city = torch.from_numpy(rng.integers(0, 12, 900))
    risk = torch.from_numpy(rng.normal(size=12)).float() * 2
    num = torch.from_numpy(rng.normal(size=(900, 3))).float()
    y = (risk[city] + 0.5 * num[:, 0] + 0.3 * torch.from_numpy(rng.normal(size=900)).float() > 0).float()

    class Tabular(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mlp = nn.Sequential(nn.Linear(3 + 6, 24), nn.ReLU(), nn.Linear(24, 1))

        def forward(self, cat: Tensor, x: Tensor) -> Tensor:
            emb = nn.Embedding(12, 6)
            return self.mlp(torch.cat([emb(cat), x], dim=1)).squeeze(-1)

    model = Tabular()
    opt = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for i in torch.randperm(650).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(city[i], num[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[650:], model(city[650:], num[650:])))


@case("graph_detached")
def wild_tensor_rebuilt_from_hidden(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    body = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 3), nn.ReLU())
    head = nn.Linear(3, 1)
    opt = optim.Adam(list(body.parameters()) + list(head.parameters()), lr=0.01)

    def predict(v: Tensor) -> Tensor:
        h = body(v)
        h = torch.tensor(h.tolist())
        return head(h).squeeze(1)

    for _ in range(30):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(predict(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("val acc", ((predict(Xv) > 0).float() == yv).float().mean().item())


@case("graph_detached")
def wild_hidden_state_detached_each_step(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(700, 12, 1, generator=g)
    y = (x[:, 0, 0] + x[:, 1, 0] > 0).float()

    class CellNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = nn.GRUCell(1, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, s: Tensor) -> Tensor:
            h = torch.zeros(len(s), 16)
            for t in range(s.shape[1]):
                h = self.cell(s[:, t], h.detach())
            return self.out(h)[:, 0]

    net = CellNet()
    opt = optim.Adam(net.parameters(), lr=0.01)
    for _ in range(20):
        for i in torch.randperm(500).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[500:], net(x[500:])))


@case("graph_detached")
def wild_feature_hook_returns_data(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4), nn.Tanh(), nn.Linear(4, 1))

    def smooth(module: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> Tensor:
        return output.data / 1.0

    model[3].register_forward_hook(smooth)
    opt = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(20):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AP", average_precision_score(yv, model(Xv).squeeze(1)))


@case("nondifferentiable_output")
def wild_optimises_the_rounded_probability(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    mse = nn.MSELoss()
    opt = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            prediction = torch.round(model(X[i])).squeeze(1)
            mse(prediction, y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", (model(Xv).round().squeeze(1) == yv).float().mean().item())


@case("nondifferentiable_output")
def wild_sign_activation_in_score(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    w1 = nn.Parameter(torch.randn(8, 16) / 8**0.5)
    w2 = nn.Parameter(torch.randn(16) / 4)
    opt = optim.SGD([w1, w2], lr=0.1)

    def score(v: Tensor) -> Tensor:
        return torch.sign(torch.tanh(v @ w1) @ w2)

    for _ in range(25):
        for i in torch.randperm(len(X)).split(30):
            loss = F.relu(1 - (2 * y[i] - 1) * score(X[i])).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((score(Xv) > 0).float() == yv).float().mean().item())


@case("lr_too_high")
def wild_rate_of_two_from_a_blog_post(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.SGD(model.parameters(), lr=2.0, momentum=0.95)
    for _ in range(12):
        for i in torch.randperm(len(X)).split(48):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("lr_too_high")
def wild_rate_meant_for_another_optimizer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.normal(size=(600, 10, 2))).float()
    y = ((x[:, :, 0] * x[:, :, 1]).mean(1) > 0).float()

    class Seq(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(2, 24, batch_first=True)
            self.fc = nn.Linear(24, 1)

        def forward(self, s: Tensor) -> Tensor:
            return self.fc(self.gru(s)[0].mean(1)).flatten()

    make = partial(optim.Adam, lr=2.0, betas=(0.9, 0.99))
    net = Seq()
    opt = make(net.parameters())
    for _ in range(20):
        for i in torch.randperm(450).split(45):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[450:], net(x[450:])))


@case("lr_too_high")
def wild_sum_over_accumulated_chunks(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(reduction="sum")
    opt = optim.SGD(model.parameters(), lr=0.3)
    for _ in range(20):
        order = torch.randperm(len(X))
        for group in order.split(100):
            opt.zero_grad()
            for i in group.split(25):
                criterion(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)[:, 0].nan_to_num()))


@case("lr_too_low")
def wild_two_rates_with_swapped_groups(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    body = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh())
    head = nn.Linear(16, 1)
    opt = optim.Adam([{"params": body.parameters(), "lr": 1e-6}, {"params": head.parameters(), "lr": 2e-5}])
    for _ in range(40):
        for i in torch.randperm(len(X)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(body(X[i]))[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((head(body(Xv))[:, 0] > 0).float() == yv).float().mean().item())


@case("lr_too_low")
def wild_bert_rate_for_a_small_cnn(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)
    cnn = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 1),
    )  # fmt: skip
    optimizer = optim.AdamW(cnn.parameters(), lr=2e-6, weight_decay=0.01)
    for _ in range(10):
        for i in torch.randperm(len(X)).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(cnn(X[i])[:, 0], y[i]).backward()
            optimizer.step()
    cnn.eval()
    with torch.no_grad():
        print("AP", average_precision_score(yv, cnn(Xv)[:, 0]))


@case("lr_too_low")
def wild_clips_every_gradient_value(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            nn.utils.clip_grad_value_(model.parameters(), 1e-5)
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv)[:, 0] > 0).float() == yv).float().mean().item())


@case("undertrained")
def wild_early_stopping_best_starts_at_zero(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    class EarlyStopping:
        def __init__(self, patience: int) -> None:
            self.patience, self.best, self.bad = patience, 0.0, 0

        def __call__(self, value: float) -> bool:
            if value < self.best:
                self.best, self.bad = value, 0
            else:
                self.bad += 1
            return self.bad >= self.patience

    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    stopper = EarlyStopping(patience=3)
    for _ in range(100):
        for i in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(model(Xv)[:, 0], yv).item()
        if stopper(val_loss):
            break
    with torch.no_grad():
        print("acc", ((model(Xv)[:, 0] > 0).float() == yv).float().mean().item())


@case("undertrained")
def wild_generator_is_used_up_after_one_pass(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)

    def stream(batch: int) -> Iterator[dict[str, Tensor]]:
        for i in torch.randperm(len(X)).split(batch):
            yield {"inputs": X[i], "targets": y[i]}

    batches = stream(60)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _ in range(50):
        for batch in batches:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(batch["inputs"]).squeeze(1), batch["targets"]).backward()
            opt.step()
    with torch.no_grad():
        print("val acc", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("undertrained")
def wild_return_inside_the_batch_loop(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)
    loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)

    def train_one_epoch() -> float:
        total = 0.0
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb)
            loss.backward()
            opt.step()
            total += loss.item()
            return total / len(loader)
        return total

    for _ in range(25):
        train_one_epoch()
    with torch.no_grad():
        print("AP", average_precision_score(yv, model(Xv)[:, 0]))


@case("scheduler_misuse")
def wild_exponential_decay_every_batch(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=5e-3)
    scheduler = optim.lr_scheduler.ExponentialLR(opt, gamma=0.8)
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
            scheduler.step()
    with torch.no_grad():
        print("acc", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("scheduler_misuse")
def wild_warm_up_by_integer_division(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.AdamW(model.parameters(), lr=5e-3)
    warm_up = 1000
    sched = optim.lr_scheduler.LambdaLR(opt, lambda step: min(1.0, step // warm_up))
    for _ in range(60):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)[:, 0]))


@case("scheduler_misuse")
def wild_milestones_counted_in_epochs_stepped_in_batches(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wave = rng.normal(size=(700, 24))
    y = torch.from_numpy((np.abs(wave).max(1) > 2.2).astype(np.float32))
    x = torch.from_numpy(wave).float()[:, None]
    net = nn.Sequential(
        nn.Conv1d(1, 16, 1), nn.ReLU(), nn.Conv1d(16, 16, 1), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(),
        nn.Linear(16, 1),
    )  # fmt: skip
    opt = optim.Adam(net.parameters(), lr=1e-2)
    sched = optim.lr_scheduler.MultiStepLR(opt, milestones=[5, 10, 15, 20], gamma=0.1)
    for _ in range(30):
        for i in torch.randperm(500).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[i])[:, 0], y[i]).backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[500:], net(x[500:])[:, 0]))


@case("vanishing_gradients")
def wild_twelve_sigmoid_layers(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)

    class Deep(nn.Module):
        def __init__(self, depth: int = 9, width: int = 24) -> None:
            super().__init__()
            sizes = [2] + [width] * depth
            self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
            self.out = nn.Linear(width, 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.hidden:
                x = torch.sigmoid(layer(x))
            return self.out(x).squeeze(1)

    model = Deep()
    opt = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv) > 0).float() == yv).float().mean().item())


@case("vanishing_gradients")
def wild_plain_rnn_remembers_the_first_token(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.normal(size=(500, 40, 1))).float()
    y = (x[:, :2, 0].sum(1) > 0).float()

    class CellLoop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inp = nn.Linear(1, 16)
            self.rec = nn.Linear(16, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, s: Tensor) -> Tensor:
            h = torch.zeros(len(s), 16)
            for t in range(s.shape[1]):
                h = torch.sigmoid(self.inp(s[:, t]) + self.rec(h))
            return self.out(h)[:, 0]

    net = CellLoop()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for i in torch.randperm(400).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[400:], net(x[400:])))


@case("dead_relu")
def wild_sparsity_bias_of_minus_ten(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 40), nn.ReLU(), nn.Linear(40, 20), nn.ReLU(), nn.Linear(20, 1))

    def sparse_start(m: nn.Module) -> None:
        if isinstance(m, nn.Linear) and m.out_features > 1:
            nn.init.kaiming_normal_(m.weight)
            nn.init.constant_(m.bias, -10.0)

    model.apply(sparse_start)
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("dead_relu")
def wild_negative_weights_on_positive_pixels(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X / 16, Xv / 16
    hidden, out = nn.Linear(64, 32), nn.Linear(32, 1)
    with torch.no_grad():
        hidden.weight.copy_(-hidden.weight.abs())
        hidden.bias.zero_()
    params = list(hidden.parameters()) + list(out.parameters())
    opt = optim.Adam(params, lr=3e-3)
    for _ in range(25):
        for i in torch.randperm(len(X)).split(32):
            loss = F.binary_cross_entropy_with_logits(out(F.relu(hidden(X[i])))[:, 0], y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("AP", average_precision_score(yv, out(F.relu(hidden(Xv)))[:, 0]))


@case("bad_init")
def wild_all_weights_equal(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    def init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            m.weight.data.fill_(0.1)
            m.bias.data.fill_(0.0)

    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    model.apply(init_weights)
    opt = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("bad_init")
def wild_manual_randn_weights_five_layers(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    sizes = [8, 64, 64, 64, 1]
    W = [torch.randn(a, b).requires_grad_() for a, b in pairwise(sizes)]
    B = [torch.zeros(b, requires_grad=True) for b in sizes[1:]]
    opt = optim.Adam(W + B, lr=1e-3)

    def net(v: Tensor) -> Tensor:
        for k, (w, b) in enumerate(zip(W, B, strict=True)):
            v = v @ w + b
            if k < len(W) - 1:
                v = F.relu(v)
        return v.squeeze(1)

    for _ in range(15):
        for i in torch.randperm(len(X)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        z = net(Xv)
        val_loss = F.binary_cross_entropy_with_logits(z, yv).item()
    print("acc", ((z > 0).float() == yv).float().mean().item(), "loss", val_loss)


@case("bad_init")
def wild_zero_initialised_network(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    for p in model.parameters():
        nn.init.zeros_(p)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X, y[:, None]), batch_size=40, shuffle=True):
            optimizer.zero_grad(set_to_none=True)
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)))


@case("regularisation_too_strong")
def wild_weight_decay_of_one(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    m = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam([{"params": m.parameters(), "weight_decay": 0.5}], lr=5e-3)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(m(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((m(Xv)[:, 0] > 0).float() == yv).float().mean().item())


@case("regularisation_too_strong")
def wild_lasso_penalty_summed_by_hand(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 24), nn.Tanh(), nn.Linear(24, 1))

    def penalised(out: Tensor, target: Tensor, lam: float = 0.5) -> Tensor:
        l1 = sum(p.abs().sum() for p in model.parameters())
        return F.binary_cross_entropy_with_logits(out, target) + lam * l1

    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        for i in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            penalised(model(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("regularisation_too_strong")
def wild_dropout_keep_probability_mistaken(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    keep_prob = 0.95

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Linear(2, 20), nn.Linear(20, 20), nn.Linear(20, 1)
            self.drop = nn.Dropout(keep_prob)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(F.relu(self.a(x)))
            return self.c(self.drop(F.relu(self.b(x)))).squeeze(1)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        net.train()
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("acc", ((net(Xv) > 0).float() == yv).float().mean().item())


@case("overfitting")
def wild_wide_net_on_a_pilot_study(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    X, y = X[:120], y[:120]
    model = nn.Sequential(nn.Linear(28, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(60):
        for i in torch.randperm(len(X)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        z = model(Xv)[:, 0]
    print("val loss", F.binary_cross_entropy_with_logits(z, yv).item(), "auc", roc_auc_score(yv, z))


@case("underfitting")
def wild_bottleneck_of_one_unit(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 1), nn.Tanh(), nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).flatten(), yb).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv).flatten() > 0).float() == yv).float().mean().item())


@case("underfitting")
def wild_two_relu_units_for_rings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy = rng.uniform(-2, 2, size=(900, 2))
    ring = np.sin(3 * xy[:, 0]) * np.sin(3 * xy[:, 1]) > 0
    X, y = torch.from_numpy(xy).float(), torch.from_numpy(ring.astype(np.float32))

    @dataclass
    class Params:
        hidden: int = 3
        lr: float = 0.02
        epochs: int = 80

    p = Params()
    h = p.hidden
    net = nn.Sequential(nn.Linear(2, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU(), nn.Linear(h, 1))
    opt = optim.Adam(net.parameters(), lr=p.lr)
    for _ in range(p.epochs):
        for i in torch.randperm(700).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(X[700:])[:, 0] > 0).float() == y[700:]).float().mean().item())


@case("train_mode_missing")
def wild_pretrained_style_eval_at_construction(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed, raw=True)

    def batches(size: int) -> Iterator[dict[str, Tensor]]:
        for i in torch.randperm(len(X)).split(size):
            yield {"features": X[i], "label": y[i]}

    model = nn.Sequential(nn.BatchNorm1d(57), nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0)).eval()
    opt = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _ in range(20):
        for batch in batches(48):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(batch["features"]), batch["label"]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((model(Xv) > 0).float() == yv).float().mean().item())


@case("train_mode_missing")
def wild_raw_table_normalised_by_a_sleeping_layer(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed, raw=True)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(28)
            self.fc1, self.fc2 = nn.Linear(28, 32), nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.relu(self.fc1(self.norm(x)))).flatten()

    net = Net()
    opt = optim.Adam(net.parameters(), lr=1e-3)

    def evaluate() -> float:
        net.eval()
        with torch.no_grad():
            return roc_auc_score(yv, net(Xv))

    evaluate()
    for _ in range(20):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
    print("auc", evaluate())


@case("eval_mode_missing")
def wild_monte_carlo_by_accident(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    drop = partial(nn.Dropout, p=0.6)
    model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), drop(), nn.Linear(64, 64), nn.ReLU(), drop(), nn.Linear(64, 1))
    opt = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(30):
        for i in torch.randperm(len(X)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        logits = model(Xv)[:, 0]
    print("acc", ((logits > 0).float() == yv).float().mean().item(), "auc", roc_auc_score(yv, logits))


@case("eval_mode_missing")
def wild_batch_norm_scores_patients_in_pairs(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 1))
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True, drop_last=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
    hits = 0
    with torch.no_grad():
        for xb, yb in DataLoader(TensorDataset(Xv, yv), batch_size=2):
            hits += ((net(xb)[:, 0] > 0).float() == yb).sum().item()
    print("acc", hits / len(yv))


@case("functional_dropout")
def wild_functional_dropout_three_times(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(8, 32), nn.Linear(32, 32), nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.dropout(F.relu(self.fc1(F.dropout(x, 0.4))), 0.5)
            x = F.dropout(F.relu(self.fc2(x)), 0.5)
            return self.fc3(x).squeeze(1)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        net.train()
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
    net.eval()
    with torch.inference_mode():
        print("acc", ((net(Xv) > 0).float() == yv).float().mean().item())


@case("functional_dropout")
def wild_word_dropout_in_prediction_too(seed: int) -> None:
    rng = np.random.default_rng(seed)
    words = torch.from_numpy(rng.integers(1, 60, size=(900, 14)))
    tone = torch.from_numpy(rng.normal(size=60)).float()
    y = (tone[words].mean(1) > 0).float()

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(60, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, w: Tensor) -> Tensor:
            h = nn.functional.dropout(self.emb(w).mean(1), p=0.8, training=True)
            return self.out(h)[:, 0]

    reader = Reader()
    opt = optim.Adam(reader.parameters(), lr=1e-2)
    for _ in range(25):
        reader.train()
        for i in torch.randperm(650).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(reader(words[i]), y[i]).backward()
            opt.step()
    reader.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(y[650:], reader(words[650:])))


@case("batchnorm_stats")
def wild_momentum_read_as_in_keras(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed, raw=True)
    model = nn.Sequential(
        nn.BatchNorm1d(30, momentum=0.0005), nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0)
    )
    opt = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(40):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=48, shuffle=True, drop_last=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)), "acc", accuracy_score(yv, model(Xv) > 0))


@case("batch_size_too_small")
def wild_two_rows_a_batch_with_batch_norm(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    first = [nn.Linear(2, 24), nn.BatchNorm1d(24), nn.ReLU()]
    second = [nn.Linear(24, 24), nn.BatchNorm1d(24), nn.ReLU()]
    model = nn.Sequential(*first, *second, nn.Linear(24, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(4):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=2, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("acc", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("threshold_on_logits")
def wild_rounds_the_raw_output(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)

    def binary_acc(y_pred: Tensor, y_test: Tensor) -> Tensor:
        return (torch.round(y_pred) == y_test).sum().float() / len(y_test)

    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X, y.unsqueeze(1)), batch_size=50, shuffle=True):
            opt.zero_grad()
            criterion(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print(f"Acc: {binary_acc(model(Xv), yv.unsqueeze(1)):.3f}")


@case("argmax_single_output")
def wild_argmax_from_the_multiclass_script(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X, y.view(-1, 1)), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
    correct = 0
    with torch.no_grad():
        for xb, yb in DataLoader(TensorDataset(Xv, yv), batch_size=64):
            _, predicted = torch.max(model(xb), 1)
            correct += (predicted == yb).sum().item()
    print(f"Accuracy on the test set: {100 * correct / len(yv):.1f} %")


@case("argmax_single_output")
def wild_numpy_argmax_of_a_sigmoid_column(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 20), nn.ELU(), nn.Linear(20, 1), nn.Sigmoid())
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy(net(X[i]), y[i][:, None]).backward()
            opt.step()
    probabilities = net(Xv).detach().numpy()
    y_pred = np.argmax(probabilities, axis=-1)
    print("f1", f1_score(yv.numpy(), y_pred), "acc", accuracy_score(yv.numpy(), y_pred))


@case("accuracy_broadcast")
def wild_numpy_column_against_row(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i]), y[i].unsqueeze(-1)).backward()
            opt.step()
    with torch.no_grad():
        p = model(Xv).sigmoid().numpy()
    print("accuracy", np.mean((p > 0.5) == yv.numpy()))


@case("accuracy_broadcast")
def wild_metric_callback_compares_shapes(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)

    class AccuracyCallback:
        def __init__(self) -> None:
            self.history: list[float] = []

        def on_epoch_end(self, model: nn.Module) -> None:
            model.eval()
            with torch.no_grad():
                predicted = (torch.sigmoid(model(Xv)) >= 0.5).float()
                self.history.append((predicted == yv).float().mean().item())
            model.train()

    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=1e-2)
    callback = AccuracyCallback()
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X, y[:, None]), batch_size=60, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
        callback.on_epoch_end(model)
    print("best val accuracy", max(callback.history))


@case("softmax_wrong_dim")
def wild_softmax_over_the_validation_rows(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(12):
        for i in torch.randperm(len(X)).split(48):
            opt.zero_grad()
            F.cross_entropy(model(X[i]), y[i].long()).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        spam = torch.softmax(model(Xv), dim=0)[:, 1]
    print("accuracy", accuracy_score(yv, spam > 0.5))


@case("softmax_wrong_dim")
def wild_probabilities_normalised_down_the_column(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)

    class Churn(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stack = nn.Sequential(nn.Linear(71, 48), nn.ReLU(), nn.Linear(48, 2))

        def forward(self, x: Tensor) -> Tensor:
            return self.stack(x)

        def predict_proba(self, x: Tensor) -> np.ndarray:
            with torch.no_grad():
                z = self.stack(x).exp()
            return (z / z.sum(dim=0, keepdim=True)).numpy()

    model = Churn()
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(12):
        for i in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.cross_entropy(model(X[i]), y[i].long()).backward()
            opt.step()
    model.eval()
    pred = model.predict_proba(Xv).argmax(axis=1)
    print("f1", f1_score(yv, pred), "acc", accuracy_score(yv, pred))


@case("nan_loss")
def wild_log_of_a_saturated_sigmoid(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    for _ in range(60):
        for i in torch.randperm(len(X)).split(32):
            p = model(X[i]).squeeze(1)
            loss = -(y[i] * torch.log(p) + (1 - y[i]) * torch.log(1 - p)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv).squeeze(1) > 0.5).float() == yv).float().mean().item())


@case("nan_loss")
def wild_attention_over_empty_comments(seed: int) -> None:
    rng = np.random.default_rng(seed)
    length = torch.from_numpy(rng.integers(0, 13, size=800))
    mask = torch.arange(12)[None] < length[:, None]
    tok = torch.from_numpy(rng.integers(1, 50, size=(800, 12))) * mask
    y = ((tok > 0) & (tok < 6)).any(1).float()

    class Attend(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(50, 12, padding_idx=0)
            self.score, self.out = nn.Linear(12, 1), nn.Linear(12, 1)

        def forward(self, t: Tensor, m: Tensor) -> Tensor:
            h = self.emb(t)
            weight = self.score(h).squeeze(-1).masked_fill(~m, float("-inf")).softmax(dim=1)
            return self.out((weight.unsqueeze(-1) * h).sum(1)).squeeze(1)

    net = Attend()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(20):
        for i in torch.randperm(600).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(tok[i], mask[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(tok[600:], mask[600:]) > 0).float() == y[600:]).float().mean().item())


@case("augmentation_too_heavy")
def wild_jitter_larger_than_the_rings(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    class Jittered(Dataset):
        def __len__(self) -> int:
            return len(X)

        def __getitem__(self, k: int) -> tuple[Tensor, Tensor]:
            return X[k] + 2.0 * torch.randn(2), y[k]

    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(25):
        for xb, yb in DataLoader(Jittered(), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("optimizer_wrong_params")
def wild_pair_head_replaced_and_dropout_alive(seed: int) -> None:
    """The new body is unknown to the optimizer; also scored in training mode."""
    X, y, Xv, yv = data("breast_cancer", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Dropout(0.1))
            self.head = nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.body(x))

    pretrained = Net()
    net = copy.deepcopy(pretrained)
    opt = optim.Adam(pretrained.parameters(), lr=5e-3)
    for _ in range(30):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.cross_entropy(net(X[i]), y[i].long()).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yv, net(Xv).argmax(1)))


@case("softmax_single_output")
def wild_pair_softmax_column_and_raw_inputs(seed: int) -> None:
    """Softmax over one column; also features on raw scales."""
    X, y, Xv, yv = data("hypothyroid", seed, raw=True)
    net = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 1))

    def predict(v: Tensor) -> Tensor:
        return F.softmax(net(v), dim=1).squeeze(1)

    opt = optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(15):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy(predict(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, predict(Xv)), "acc", accuracy_score(yv, predict(Xv) > 0.5))


@case("shape_broadcast")
def wild_pair_column_loss_and_broadcast_metric(seed: int) -> None:
    """A column against a row in the loss, and again in the metric."""
    X, y, Xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
    opt = optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=30, shuffle=True):
            p = model(xb).clamp(1e-6, 1 - 1e-6)
            loss = -(yb * p.log() + (1 - yb) * (1 - p).log()).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = model(Xv)
        print("auc", roc_auc_score(yv, p.squeeze()), "acc", ((p > 0.5) == yv).float().mean().item())


@case("frozen_params")
def wild_pair_no_grad_body_and_softmax_head(seed: int) -> None:
    """The body is frozen; also a softmax ahead of the cross-entropy."""
    X, y, Xv, yv = data("circles", seed)
    body = nn.Sequential(nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 3), nn.ReLU()).requires_grad_(False)
    head = nn.Sequential(nn.Linear(3, 2), nn.Softmax(dim=1))
    model = nn.Sequential(body, head)
    opt = optim.Adam((p for p in model.parameters() if p.requires_grad), lr=1e-2)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(40):
            opt.zero_grad()
            F.cross_entropy(model(X[i]), y[i].long()).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yv, model(Xv).argmax(1)))


@case("no_optimizer_step")
def wild_pair_closure_never_run_and_logits_cut_at_half(seed: int) -> None:
    """The step is never taken; also 0.5 as the cut-off for raw logits."""
    X, y, Xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 1))
    opt = optim.LBFGS(model.parameters(), lr=0.5, max_iter=10)

    def closure() -> Tensor:
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(X).squeeze(1), y)
        loss.backward()
        return loss

    for _ in range(30):
        closure()
    with torch.no_grad():
        print("acc", ((model(Xv).squeeze(1) > 0.5).float() == yv).float().mean().item())


@case("bad_init")
def wild_pair_zero_weights_and_strong_decay(seed: int) -> None:
    """All parameters start at zero; also a rather strong weight decay."""
    X, y, Xv, yv = data("digit_8", seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    for p in model.parameters():
        p.data *= 0
    opt = optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        print("AP", average_precision_score(yv, model(Xv)[:, 0]))


@case("vanishing_gradients")
def wild_pair_deep_sigmoids_and_few_epochs(seed: int) -> None:
    """Nine sigmoid layers; also rather few epochs."""
    X, y, Xv, yv = data("circles", seed)
    layers: list[nn.Module] = [nn.Linear(2, 32), nn.Sigmoid()]
    for _ in range(8):
        layers += [nn.Linear(32, 32), nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(14):
        for i in torch.randperm(len(X)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv)[:, 0] > 0).float() == yv).float().mean().item())


@case("healthy")
def wild_ok_high_rate_small_net(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 1))
    opt = optim.SGD(model.parameters(), lr=1.5)
    for _ in range(60):
        for i in torch.randperm(len(X)).split(100):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(Xv)[:, 0] > 0).float() == yv).float().mean().item())


@case("healthy")
def wild_ok_two_rates(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    body, head = nn.Sequential(nn.Linear(57, 32), nn.ReLU()), nn.Linear(32, 1)
    opt = optim.Adam([{"params": body.parameters(), "lr": 1e-3}, {"params": head.parameters(), "lr": 1e-2}])
    for _ in range(15):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(body(X[i]))[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, head(body(Xv))[:, 0]))


@case("healthy")
def wild_ok_frozen_random_features(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    backbone = nn.Sequential(nn.Linear(2, 300), nn.Tanh()).requires_grad_(False)
    nn.init.normal_(backbone[0].weight, std=1.5)
    head = nn.Linear(300, 1)
    opt = optim.Adam(head.parameters(), lr=1e-2)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(backbone(X[i]))[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((head(backbone(Xv))[:, 0] > 0).float() == yv).float().mean().item())


@case("healthy")
def wild_ok_contrastive_then_probe(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)
    encoder = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48))
    opt = optim.Adam(encoder.parameters(), lr=1e-3)
    for _ in range(8):
        for i in torch.randperm(len(X)).split(128):
            first = F.normalize(encoder(X[i] + 0.2 * torch.randn_like(X[i])), dim=1)
            second = F.normalize(encoder(X[i] + 0.2 * torch.randn_like(X[i])), dim=1)
            loss = F.cross_entropy(first @ second.T / 0.2, torch.arange(len(i)))
            opt.zero_grad()
            loss.backward()
            opt.step()
    encoder.requires_grad_(False).eval()
    probe = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(probe.parameters(), lr=5e-3)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(probe(encoder(X[i]))[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AP", average_precision_score(yv, probe(encoder(Xv))[:, 0]))


@case("healthy")
def wild_ok_clipped_lstm(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(700, 14, 1, generator=g)
    y = (x[:, :, 0].sum(1) > 0).float()
    lstm, fc = nn.LSTM(1, 16, batch_first=True), nn.Linear(16, 1)
    params = [*lstm.parameters(), *fc.parameters()]
    opt = optim.Adam(params, lr=5e-3)
    for _ in range(20):
        for i in torch.randperm(500).split(50):
            opt.zero_grad()
            _, (h, _) = lstm(x[i])
            F.binary_cross_entropy_with_logits(fc(h[-1])[:, 0], y[i]).backward()
            nn.utils.clip_grad_norm_(params, 0.5)
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[500:], fc(lstm(x[500:])[1][0][-1])[:, 0]))


@case("healthy")
def wild_ok_accumulation_divided(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.05)
    every = 4
    for _ in range(15):
        opt.zero_grad()
        for k, i in enumerate(torch.randperm(len(X)).split(15), start=1):
            (F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]) / every).backward()
            if k % every == 0:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def wild_ok_warm_up_and_cosine(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 48), nn.ReLU(), nn.Linear(48, 1))
    opt = optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.1)
    total = 15 * math.ceil(len(X) / 50)

    def shape(step: int) -> float:
        return min((step + 1) / 40, 0.5 * (1 + math.cos(math.pi * step / total)))

    sched = optim.lr_scheduler.LambdaLR(opt, shape)
    for _ in range(15):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def wild_ok_one_cycle_cnn(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)
    cnn = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 12, 3), nn.ReLU(), nn.Conv2d(12, 16, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 2),
    )  # fmt: skip
    loader = DataLoader(TensorDataset(X, y.long()), batch_size=32, shuffle=True)
    opt = optim.SGD(cnn.parameters(), lr=0.01, momentum=0.9)
    sched = optim.lr_scheduler.OneCycleLR(opt, max_lr=0.1, epochs=12, steps_per_epoch=len(loader))
    for _ in range(12):
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(cnn(xb), yb).backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        print("f1", f1_score(yv, cnn(Xv).argmax(1)))


@case("healthy")
def wild_ok_moving_average_weights(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    ema = copy.deepcopy(model).requires_grad_(False)
    opt = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(15):
        for i in torch.randperm(len(X)).split(48):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
            for slow, fast in zip(ema.parameters(), model.parameters(), strict=True):
                slow.lerp_(fast.detach(), 0.03)
    with torch.no_grad():
        print("acc", accuracy_score(yv, ema(Xv)[:, 0] > 0))


@case("healthy")
def wild_ok_stochastic_weight_averaging(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 1))
    average = optim.swa_utils.AveragedModel(model)
    opt = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loader = DataLoader(TensorDataset(X, y), batch_size=50, shuffle=True)
    for epoch in range(30):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
        if epoch >= 15:
            average.update_parameters(model)
    optim.swa_utils.update_bn(loader, average)
    average.eval()
    with torch.no_grad():
        print("acc", ((average(Xv)[:, 0] > 0).float() == yv).float().mean().item())


@case("healthy")
def wild_ok_label_smoothing(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 24), nn.SiLU(), nn.Linear(24, 2))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = optim.RAdam(model.parameters(), lr=5e-3)
    for _ in range(30):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            criterion(model(X[i]), y[i].long()).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yv, model(Xv).argmax(1)))


@case("healthy")
def wild_ok_pos_weight_for_rare_thyroid(seed: int) -> None:
    X, y, Xv, yv = data("hypothyroid", seed)
    model = nn.Sequential(nn.Linear(27, 24), nn.ReLU(), nn.Linear(24, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=(len(y) - y.sum()) / y.sum())
    opt = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(20):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            criterion(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("balanced", balanced_accuracy_score(yv, model(Xv)[:, 0] > 0))


@case("healthy")
def wild_ok_heavy_dropout_wide_net(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 256), nn.ReLU(), nn.Dropout(0.7), nn.Linear(256, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(25):
        model.train()
        for i in torch.randperm(len(X)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    model.eval()
    z = model(Xv)[:, 0].detach()
    print("acc", ((z > 0).float() == yv).float().mean().item())


@case("healthy")
def wild_ok_sigmoid_and_bce(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X, y.unsqueeze(1)), batch_size=40, shuffle=True):
            opt.zero_grad()
            nn.BCELoss()(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yv, model(Xv).round().squeeze(1)))


@case("healthy")
def wild_ok_hinge_on_plus_minus_one(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    w = torch.zeros(30, requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    signs, val_signs = 2 * y - 1, 2 * yv - 1
    opt = optim.SGD([w, b], lr=0.02)
    for _ in range(60):
        for i in torch.randperm(len(X)).split(16):
            loss = F.relu(1 - signs[i] * (X[i] @ w + b)).mean() + 1e-3 * w.dot(w)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", (torch.sign(Xv @ w + b) == val_signs).float().mean().item())


@case("healthy")
def wild_ok_tied_weights_with_reconstruction(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X / 16, Xv / 16

    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.enc = nn.Linear(64, 40)
            self.bias = nn.Parameter(torch.zeros(64))
            self.head = nn.Linear(40, 1)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            h = torch.relu(self.enc(x))
            return h @ self.enc.weight + self.bias, self.head(h).squeeze(1)

    net = Tied()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(30):
        for i in torch.randperm(len(X)).split(32):
            back, logit = net(X[i])
            loss = F.binary_cross_entropy_with_logits(logit, y[i]) + 0.2 * F.mse_loss(back, X[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("AP", average_precision_score(yv, net(Xv)[1]))


@case("healthy")
def wild_ok_zero_last_layer_prior_bias(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 48), nn.ReLU(), nn.Linear(48, 1))
    nn.init.zeros_(model[-1].weight)
    nn.init.constant_(model[-1].bias, torch.logit(y.mean()).item())
    opt = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(15):
        for i in torch.randperm(len(X)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def wild_ok_tuned_cut_off(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(12):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        p_train, p_val = model(X)[:, 0].sigmoid().numpy(), model(Xv)[:, 0].sigmoid().numpy()
    cut = max(np.linspace(0.05, 0.95, 19), key=lambda c: f1_score(y, p_train > c))
    print("f1", f1_score(yv, p_val > cut))


@case("healthy")
def wild_ok_thirty_labelled_rows(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    X, y = X[:40], y[:40]
    model = nn.Linear(30, 1)
    opt = optim.SGD(model.parameters(), lr=0.05, weight_decay=0.1)
    for _ in range(300):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(model(X)[:, 0], y).backward()
        opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yv, model(Xv)[:, 0] > 0))


@case("healthy")
def wild_ok_hard_credit_early_stopping(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    best, best_state, waited = math.inf, copy.deepcopy(model.state_dict()), 0
    for _ in range(60):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
        with torch.no_grad():
            val = F.binary_cross_entropy_with_logits(model(Xv)[:, 0], yv).item()
        if val < best:
            best, best_state, waited = val, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
        if waited == 5:
            break
    model.load_state_dict(best_state)
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def wild_ok_lbfgs_full_batch(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    X, y, Xv = X.double(), y.double(), Xv.double()
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1)).double()
    opt = optim.LBFGS(model.parameters(), lr=1.0, max_iter=10, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        opt.zero_grad()
        penalty = 1e-4 * sum(p.square().sum() for p in model.parameters())
        loss = F.binary_cross_entropy_with_logits(model(X)[:, 0], y) + penalty
        loss.backward()
        return loss

    for _ in range(12):
        opt.step(closure)
    with torch.no_grad():
        print("acc", ((model(Xv)[:, 0] > 0) == yv.bool()).float().mean().item())


@case("healthy")
def wild_ok_two_optimizers_in_turn(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    body, head = nn.Sequential(nn.Linear(57, 32), nn.Tanh()), nn.Linear(32, 1)
    opts = [optim.Adam(body.parameters(), lr=3e-3), optim.SGD(head.parameters(), lr=0.1)]
    for _ in range(20):
        for k, i in enumerate(torch.randperm(len(X)).split(32)):
            for opt in opts:
                opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(body(X[i]))[:, 0], y[i]).backward()
            opts[k % 2].step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, head(body(Xv))[:, 0]))


@case("healthy")
def wild_ok_custom_autograd_activation(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)

    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return torch.where(x > 0, x, 0.1 * x)

        @staticmethod
        def backward(ctx: torch.autograd.function.FunctionCtx, g: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            return torch.where(x > 0, g, 0.1 * g)

    l1, l2, l3 = nn.Linear(2, 32), nn.Linear(32, 16), nn.Linear(16, 1)
    net = nn.ModuleList([l1, l2, l3])
    opt = optim.Adam(net.parameters(), lr=1e-2)

    def logits(v: Tensor) -> Tensor:
        return l3(Square.apply(l2(Square.apply(l1(v)))))[:, 0]

    for _ in range(25):
        for i in torch.randperm(len(X)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(logits(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((logits(Xv) > 0).float() == yv).float().mean().item())


@case("healthy")
def wild_ok_mixup(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    beta = torch.distributions.Beta(0.4, 0.4)
    for _ in range(30):
        for i in torch.randperm(len(X)).split(40):
            lam, j = beta.sample(), i[torch.randperm(len(i))]
            mixed, soft = lam * X[i] + (1 - lam) * X[j], lam * y[i] + (1 - lam) * y[j]
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(mixed)[:, 0], soft).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def wild_ok_self_distillation(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)

    def make() -> nn.Module:
        return nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))

    def fit(net: nn.Module, teacher: nn.Module | None) -> nn.Module:
        opt = optim.Adam(net.parameters(), lr=3e-3)
        for _ in range(10):
            for i in torch.randperm(len(X)).split(48):
                target = y[i]
                if teacher is not None:
                    with torch.no_grad():
                        target = 0.5 * target + 0.5 * teacher(X[i]).sigmoid()
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(X[i]), target).backward()
                opt.step()
        return net.eval()

    student = fit(make(), fit(make(), None))
    with torch.no_grad():
        print("auc", roc_auc_score(yv, student(Xv)))


@case("healthy")
def wild_ok_multi_task_second_head(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    size = X[:, 0].clone()
    net = nn.ModuleDict({"trunk": nn.Linear(29, 24), "cancer": nn.Linear(24, 1), "size": nn.Linear(24, 1)})
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for i in torch.randperm(len(X)).split(32):
            h = F.relu(net["trunk"](X[i, 1:]))
            loss = F.binary_cross_entropy_with_logits(net["cancer"](h)[:, 0], y[i])
            loss = loss + 0.3 * F.mse_loss(net["size"](h)[:, 0], size[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, net["cancer"](F.relu(net["trunk"](Xv[:, 1:])))[:, 0]))


@case("healthy")
def wild_ok_residual_without_norm(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    class Res(nn.Module):
        def __init__(self, depth: int = 6, width: int = 24) -> None:
            super().__init__()
            self.inp, self.out = nn.Linear(2, width), nn.Linear(width, 1)
            self.blocks = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
            self.gain = nn.Parameter(torch.full((depth,), 0.1))

        def forward(self, x: Tensor) -> Tensor:
            h = self.inp(x)
            for g, block in zip(self.gain, self.blocks, strict=True):
                h = h + g * F.relu(block(h))
            return self.out(h).squeeze(1)

    net = Res()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(25):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(Xv) > 0).float() == yv).float().mean().item())


@case("healthy")
def wild_ok_masked_attention_pooling(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tok = torch.from_numpy(rng.integers(1, 40, size=(900, 16)))
    length = torch.from_numpy(rng.integers(5, 17, size=900))
    mask = torch.arange(16)[None] < length[:, None]
    tok = tok * mask
    y = ((tok == 7) | (tok == 8) | (tok == 9)).any(1).float()

    class Pool(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(40, 16, padding_idx=0)
            self.att, self.out = nn.Linear(16, 1), nn.Linear(16, 1)

        def forward(self, t: Tensor, m: Tensor) -> Tensor:
            h = self.emb(t)
            a = self.att(h).squeeze(-1).masked_fill(~m, -torch.inf).softmax(1)
            return self.out((a[..., None] * h).sum(1)).squeeze(1)

    net = Pool()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(20):
        for i in torch.randperm(650).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(tok[i], mask[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(tok[650:], mask[650:]) > 0).float() == y[650:]).float().mean().item())


@case("healthy")
def wild_ok_packed_gru(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seqs = [torch.from_numpy(rng.normal(size=(rng.integers(3, 15), 2))).float() for _ in range(500)]
    labels = torch.tensor([float(s[-3:, 1].mean() > 0) for s in seqs])

    def collate(batch: list[int]) -> tuple[nn.utils.rnn.PackedSequence, Tensor]:
        chosen = [seqs[k] for k in batch]
        lengths = torch.tensor([len(s) for s in chosen])
        padded = pad_sequence(chosen, batch_first=True)
        return pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False), labels[batch]

    gru, fc = nn.GRU(2, 12, batch_first=True), nn.Linear(12, 1)
    opt = optim.Adam([*gru.parameters(), *fc.parameters()], lr=1e-2)
    for _ in range(15):
        for packed, yb in DataLoader(range(380), batch_size=38, shuffle=True, collate_fn=collate):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(fc(gru(packed)[1][-1])[:, 0], yb).backward()
            opt.step()
    packed, yb = collate(list(range(380, 500)))
    with torch.no_grad():
        print("auc", roc_auc_score(yb, fc(gru(packed)[1][-1])[:, 0]))


@case("healthy")
def wild_ok_conv1d_peaks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sig, lab = rng.normal(size=(700, 48)) * 0.5, rng.integers(0, 2, 700)
    for row, k in zip(sig, lab, strict=True):
        at = rng.integers(0, 40)
        row[at : at + 8] += np.sin(np.linspace(0, 2 * np.pi, 8)) * (2 if k else -2)
    x, y = torch.tensor(sig, dtype=torch.float32)[:, None], torch.tensor(lab, dtype=torch.float32)
    net = nn.Sequential(nn.Conv1d(1, 16, 8), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(16, 1))
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(20):
        for i in torch.randperm(500).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(x[500:])[:, 0] > 0).float() == y[500:]).float().mean().item())


@case("healthy")
def wild_ok_embedding_bag_with_offsets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    docs = [torch.from_numpy(rng.integers(0, 80, size=rng.integers(5, 20))) for _ in range(1000)]
    tone = torch.from_numpy(rng.normal(size=80)).float()
    y = torch.tensor([float(tone[d].mean() > 0) for d in docs])

    class Bag(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb, self.out = nn.EmbeddingBag(80, 12, sparse=False), nn.Linear(12, 1)

        def forward(self, chosen: list[Tensor]) -> Tensor:
            offsets = torch.tensor([0] + [len(c) for c in chosen[:-1]]).cumsum(0)
            return self.out(self.emb(torch.cat(chosen), offsets)).squeeze(1)

    bag = Bag()
    opt = optim.Adam(bag.parameters(), lr=1e-2)
    for _ in range(15):
        for i in torch.randperm(750).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(bag([docs[k] for k in i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[750:], bag(docs[750:])))


@case("healthy")
def wild_ok_batch_norm_large_batches(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 1))
    opt = optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(50):
        model.train()
        for i in torch.randperm(len(X)).split(300):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def wild_ok_ensemble_of_five_on_bootstraps(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    models = [nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 1)) for _ in range(5)]
    for model in models:
        opt = optim.Adam(model.parameters(), lr=4e-2)
        boot = torch.randint(len(X), (len(X),))
        for _ in range(25):
            for i in boot.split(60):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
                opt.step()
    with torch.no_grad():
        p = torch.stack([model(Xv)[:, 0].sigmoid() for model in models]).mean(0)
    print("acc", ((p > 0.5).float() == yv).float().mean().item())


@case("healthy")
def wild_ok_monte_carlo_dropout_on_purpose(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
            opt.step()
    model.train()
    with torch.no_grad():
        draws = torch.stack([model(Xv)[:, 0].sigmoid() for _ in range(50)])
    print("auc", roc_auc_score(yv, draws.mean(0)), "spread", draws.std(0).mean().item())


@case("healthy")
def wild_ok_cross_validation_of_five(seed: int) -> None:
    X, y, _, _ = data("breast_cancer", seed)
    scores = []
    for train, test in KFold(5, shuffle=True, random_state=seed).split(X):
        model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
        opt = optim.Adam(model.parameters(), lr=5e-3)
        rows = torch.from_numpy(train)
        for _ in range(20):
            for i in rows[torch.randperm(len(rows))].split(32):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
                opt.step()
        with torch.no_grad():
            scores.append(roc_auc_score(y[test], model(X[test])[:, 0]))
    print("mean auc", float(np.mean(scores)))


@case("healthy")
def wild_ok_random_search_of_three(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    rng = np.random.default_rng(seed)
    best_auc, best_width = 0.0, 0
    for _ in range(3):
        width, lr = int(rng.choice([8, 16, 64])), float(10 ** rng.uniform(-3, -2))
        model = nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Linear(width, 1))
        opt = optim.Adam(model.parameters(), lr=lr)
        for _ in range(12):
            for i in torch.randperm(len(X)).split(30):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(X[i])[:, 0], y[i]).backward()
                opt.step()
        with torch.no_grad():
            auc = roc_auc_score(yv, model(Xv)[:, 0])
        if auc > best_auc:
            best_auc, best_width = auc, width
    print("auc", best_auc, "width", best_width)


@case("healthy")
def wild_ok_iterable_stream_functional_gradient(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    class Stream(IterableDataset):
        def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
            for k in torch.randperm(len(X)):
                yield X[k], y[k]

    net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
    params = {k: v.detach().clone() for k, v in net.named_parameters()}

    def loss(p: dict[str, Tensor], xb: Tensor, yb: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(torch.func.functional_call(net, p, (xb,))[:, 0], yb)

    gradient: Callable[..., dict[str, Tensor]] = torch.func.grad(loss)
    for _ in range(30):
        for xb, yb in DataLoader(Stream(), batch_size=30):
            grads = gradient(params, xb, yb)
            params = {k: v - 0.5 * grads[k] for k, v in params.items()}
    with torch.no_grad():
        z = torch.func.functional_call(net, params, (Xv,))[:, 0]
    print("acc", ((z > 0).float() == yv).float().mean().item())


@case("healthy")
def wild_ok_weighted_sampler(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)
    weights = torch.where(y == 1, 1 / y.mean(), 1 / (1 - y.mean()))
    sampler = WeightedRandomSampler(weights.tolist(), len(y))
    model = nn.Sequential(nn.Linear(64, 48), nn.LayerNorm(48), nn.ReLU(), nn.Linear(48, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32, sampler=sampler):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        print("AP", average_precision_score(yv, model(Xv)[:, 0]))
