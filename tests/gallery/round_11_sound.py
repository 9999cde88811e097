"""Sound code that looks unusual, and a few near twins with one fault each."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_classification
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    roc_auc_score,
)
from sklearn.model_selection import GroupShuffleSplit, KFold, RepeatedStratifiedKFold, StratifiedKFold, train_test_split
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader, Dataset, Sampler, TensorDataset, WeightedRandomSampler

CSV = __file__.rsplit("/tests/", 1)[0] + "/data/{0}/{0}.csv.gz"


@case("healthy")
def resumed_from_checkpoint(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    def build() -> nn.Module:
        return nn.Sequential(nn.Linear(57, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))

    def fit(model: nn.Module, opt: torch.optim.Optimizer, epochs: int) -> None:
        loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
        model.train()
        for _ in range(epochs):
            for xb, yb in loader:
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
                opt.step()

    first = build()
    opt = torch.optim.Adam(first.parameters(), lr=1e-3)
    fit(first, opt, 10)
    checkpoint = {"model": first.state_dict(), "opt": opt.state_dict()}

    model = build()
    model.load_state_dict(checkpoint["model"])
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    opt.load_state_dict(checkpoint["opt"])
    fit(model, opt, 15)
    model.eval()
    with torch.no_grad():
        score = model(X_val).squeeze(1)
    print("AUC", roc_auc_score(y_val, score))


@case("optimizer_wrong_params")
def resumed_with_old_optimizer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    def build() -> nn.Module:
        return nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))

    model = build()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    checkpoint = {k: v.clone() for k, v in model.state_dict().items()}
    model = build()
    model.load_state_dict(checkpoint)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _ in range(60):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        score = model(X_val).squeeze(1)
    print("AUC", roc_auc_score(y_val, score))


@case("healthy")
def functional_parameters(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    w1 = (torch.randn(2, 32) * 0.7).requires_grad_()
    b1 = torch.zeros(32, requires_grad=True)
    w2 = (torch.randn(32, 1) * 0.2).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)

    def forward(x: Tensor) -> Tensor:
        return (torch.tanh(x @ w1 + b1) @ w2 + b2).squeeze(-1)

    lr = 0.3
    for _ in range(1500):
        idx = torch.randint(0, len(X), (64,))
        loss = F.binary_cross_entropy_with_logits(forward(X[idx]), y[idx])
        grads = torch.autograd.grad(loss, [w1, b1, w2, b2])
        with torch.no_grad():
            for p, g in zip([w1, b1, w2, b2], grads, strict=True):
                p -= lr * g
    with torch.no_grad():
        pred = (forward(Xv) > 0).float()
    print("accuracy", (pred == yv).float().mean().item())


@case("no_zero_grad")
def functional_parameters_growing(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    w1 = (torch.randn(2, 32) * 0.7).requires_grad_()
    b1 = torch.zeros(32, requires_grad=True)
    w2 = (torch.randn(32, 1) * 0.2).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)

    def forward(x: Tensor) -> Tensor:
        return (torch.tanh(x @ w1 + b1) @ w2 + b2).squeeze(-1)

    lr = 0.3
    for _ in range(900):
        idx = torch.randint(0, len(X), (64,))
        loss = F.binary_cross_entropy_with_logits(forward(X[idx]), y[idx])
        loss.backward()
        with torch.no_grad():
            for p in (w1, b1, w2, b2):
                p -= lr * p.grad
    with torch.no_grad():
        pred = (forward(Xv) > 0).float()
    print("accuracy", (pred == yv).float().mean().item())


@case("healthy")
def functional_call_and_grad(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 8), nn.Tanh(), nn.Linear(8, 1))
    params = {k: v.detach().clone() for k, v in net.named_parameters()}

    def loss_fn(p: dict[str, Tensor], xb: Tensor, yb: Tensor) -> Tensor:
        out = torch.func.functional_call(net, p, (xb,))[:, 0]
        return F.binary_cross_entropy_with_logits(out, yb)

    gradient = torch.func.grad(loss_fn)
    for _ in range(300):
        idx = torch.randperm(len(X))[:50]
        g = gradient(params, X[idx], y[idx])
        params = {k: params[k] - 0.1 * g[k] for k in params}
    scores = torch.func.functional_call(net, params, (Xv,))[:, 0]
    print("AUC", roc_auc_score(yv, scores))


@case("healthy")
def swa_average(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    net = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1))
    averaged = AveragedModel(net)
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), 64, shuffle=True)
    for epoch in range(24):
        net.train()
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb).flatten(), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch >= 10:
            averaged.update_parameters(net)
    averaged.eval()
    with torch.no_grad():
        print("val AUC", roc_auc_score(y_val, averaged(X_val).flatten()))


@case("healthy")
def ema_shadow_weights(seed: int) -> None:
    xt, yt, xv, yv = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 1))
    shadow = {k: v.clone() for k, v in model.state_dict().items()}
    opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
    for _ in range(80):
        for idx in torch.randperm(len(xt)).split(60):
            opt.zero_grad(set_to_none=False)
            nn.BCEWithLogitsLoss()(model(xt[idx])[:, 0], yt[idx]).backward()
            opt.step()
            with torch.no_grad():
                for k, v in model.state_dict().items():
                    shadow[k].mul_(0.98).add_(v, alpha=0.02)
    model.load_state_dict(shadow)
    model.eval()
    with torch.inference_mode():
        guess = model(xv)[:, 0] > 0
    print("acc", (guess == yv.bool()).float().mean().item())


@case("healthy")
def autoencoder_first(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    encoder = nn.Sequential(nn.Linear(30, 20), nn.ReLU(), nn.Linear(20, 10), nn.ReLU())
    decoder = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 30))
    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = F.mse_loss(decoder(encoder(X_train[idx])), X_train[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()

    classifier = nn.Sequential(encoder, nn.Dropout(0.2), nn.Linear(10, 1))
    opt = torch.optim.Adam(classifier.parameters(), lr=1e-3, weight_decay=3e-3)
    for _ in range(20):
        classifier.train()
        for idx in torch.randperm(len(X_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(classifier(X_train[idx]).squeeze(-1), y_train[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    classifier.eval()
    with torch.no_grad():
        prob = classifier(X_val).sigmoid().squeeze(-1)
    print("AP", average_precision_score(y_val, prob), "AUC", roc_auc_score(y_val, prob))


@case("healthy")
def frozen_encoder_linear_probe(seed: int) -> None:
    digits = load_digits()
    images = torch.tensor(digits.data / 16, dtype=torch.float32)
    parity = torch.tensor(digits.target % 2)
    big = torch.tensor(digits.target >= 5).float()
    train, val = train_test_split(np.arange(len(images)), test_size=0.3, random_state=seed)
    body = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 40), nn.ReLU())
    pre_head = nn.Linear(40, 10)
    opt = torch.optim.Adam([*body.parameters(), *pre_head.parameters()], lr=3e-3)
    target = torch.tensor(digits.target)
    for _ in range(25):
        for batch in np.array_split(np.random.permutation(train), 20):
            opt.zero_grad()
            F.cross_entropy(pre_head(body(images[batch])), target[batch]).backward()
            opt.step()
    for p in body.parameters():
        p.requires_grad = False
    head = nn.Linear(40, 1)
    opt = torch.optim.Adam(head.parameters(), lr=1e-2)
    for _ in range(25):
        for batch in np.array_split(np.random.permutation(train), 20):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(body(images[batch]))[:, 0], big[batch]).backward()
            opt.step()
    with torch.no_grad():
        out = head(body(images[val]))[:, 0]
    print("AUC >=5", roc_auc_score(big[val], out), "rows", len(parity))


@case("frozen_params")
def frozen_body_never_trained(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    body = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 4), nn.ReLU())
    for p in body.parameters():
        p.requires_grad = False
    model = nn.Sequential(body, nn.Linear(4, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        for idx in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx])[:, 0], y[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def three_models_compared(seed: int) -> None:
    X, y, X_test, y_test = data("credit_data", seed)
    candidates = {
        "logistic": lambda: nn.Linear(28, 1),
        "small": lambda: nn.Sequential(nn.Linear(28, 8), nn.ReLU(), nn.Linear(8, 1)),
        "wide": lambda: nn.Sequential(nn.Linear(28, 64), nn.ReLU(), nn.Dropout(0.6), nn.Linear(64, 1)),
    }
    results = {}
    for name, make in candidates.items():
        net = make()
        opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
        for _ in range(15):
            net.train()
            for rows in torch.randperm(len(X)).split(64):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(X[rows]).ravel(), y[rows]).backward()
                opt.step()
        net.eval()
        with torch.no_grad():
            results[name] = roc_auc_score(y_test, net(X_test).ravel())
    print("AUC", results)


@case("healthy")
def stratified_folds_wine(seed: int) -> None:
    X, target = load_wine(return_X_y=True)
    y = (target == 1).astype(np.float32)
    scores = []
    for tr, te in StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y):
        scaler = StandardScaler().fit(X[tr])
        a = torch.tensor(scaler.transform(X[tr]), dtype=torch.float32)
        b = torch.tensor(scaler.transform(X[te]), dtype=torch.float32)
        t = torch.tensor(y[tr])
        net = nn.Sequential(nn.Linear(13, 6), nn.Tanh(), nn.Linear(6, 1))
        opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-3)
        for _ in range(150):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(a).squeeze(), t).backward()
            opt.step()
        with torch.no_grad():
            scores.append(balanced_accuracy_score(y[te], net(b).squeeze() > 0))
    print("balanced accuracy", np.mean(scores))


@case("healthy")
def visits_split_by_patient(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(150), 6)
    level = rng.normal(size=(150, 5))[patient]
    visits = level + rng.normal(scale=0.7, size=(900, 5))
    risk = 1.2 * visits[:, 0] - visits[:, 1] + 0.8 * visits[:, 2] * (visits[:, 3] > 0)
    y = (rng.random(900) < 1 / (1 + np.exp(-1.5 * risk))).astype(np.float32)
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(visits, y, patient))
    Xt, Xv = torch.tensor(visits[tr]).float(), torch.tensor(visits[va]).float()
    yt = torch.tensor(y[tr])
    net = nn.Sequential(nn.Linear(5, 16), nn.ELU(), nn.Linear(16, 1))
    opt = torch.optim.RMSprop(net.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(40):
        for k in torch.randperm(len(Xt)).split(32):
            loss = F.binary_cross_entropy_with_logits(net(Xt[k])[:, 0], yt[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
    print("AUC unseen patients", roc_auc_score(y[va], net(Xv)[:, 0].detach().numpy()))


@case("healthy")
def export_for_new_customers(seed: int) -> None:
    df = pd.read_csv(CSV.format("mlc_churn")).sample(2400, random_state=seed)
    df["international_plan"] = (df["international_plan"] == "yes").astype(int)
    df["voice_mail_plan"] = (df["voice_mail_plan"] == "yes").astype(int)
    df["spent"] = df.filter(like="_charge").sum(axis=1)
    df["often_called"] = (df["number_customer_service_calls"] > 3).astype(float)
    minutes = ["total_day_minutes", "total_eve_minutes", "total_intl_minutes", "total_intl_calls"]
    df = df[[*minutes, "international_plan", "voice_mail_plan", "spent", "often_called", "churn"]]
    new = df.iloc[2000:].drop(columns="churn")
    train, val = df.iloc[:1500], df.iloc[1500:2000]
    mean, std = train.drop(columns="churn").mean(), train.drop(columns="churn").std()

    def prepare(frame: pd.DataFrame) -> Tensor:
        return torch.tensor(((frame[mean.index] - mean) / std).to_numpy(), dtype=torch.float32)

    target = torch.tensor(train["churn"].to_numpy(), dtype=torch.float32)
    net = nn.Sequential(nn.Linear(len(mean), 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-4)
    inputs = prepare(train)
    for _ in range(35):
        net.train()
        for rows in torch.randperm(1500).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(inputs[rows]).squeeze(1), target[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(val["churn"], net(prepare(val)).squeeze(1)))
        scored = new.assign(p=torch.sigmoid(net(prepare(new))).squeeze(1).numpy())
    scored.sort_values("p", ascending=False).head(50).to_csv()


@case("healthy")
def balanced_training_natural_validation(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)
    rng = np.random.default_rng(seed)
    pos = np.flatnonzero(y.numpy() == 1)
    neg = rng.choice(np.flatnonzero(y.numpy() == 0), 2 * len(pos), replace=False)
    kept = torch.from_numpy(np.concatenate([np.repeat(pos, 2), neg]))
    X, y = X[kept], y[kept]
    model = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=3e-3)
    for _ in range(25):
        model.train()
        for b in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[b])[:, 0], y[b]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv)[:, 0]))


@case("preprocess_mismatch")
def balanced_training_raw_validation(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed, raw=True)
    pos = torch.nonzero(y == 1)[:, 0]
    neg = torch.nonzero(y == 0)[:, 0][: len(pos)]
    kept = torch.cat([pos, neg])
    X, y = X[kept], y[kept]
    X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(57, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(25):
        model.train()
        for b in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[b])[:, 0], y[b]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(yv, model(Xv)[:, 0] > 0))


@case("healthy")
def likert_questionnaire(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=(1000, 2))
    items = np.clip(np.round(3 + mood[:, [0] * 6 + [1] * 6] + rng.normal(scale=0.9, size=(1000, 12))), 1, 5)
    y = (rng.random(1000) < 1 / (1 + np.exp(-1.6 * (mood[:, 0] - mood[:, 1])))).astype(np.float32)
    X = torch.tensor(items / 5, dtype=torch.float32)
    t = torch.tensor(y)
    net = nn.Sequential(nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        for i in range(0, 700, 50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i : i + 50])[:, 0], t[i : i + 50]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[700:], net(X[700:])[:, 0]))


def _sequences(seed: int, rows: int = 700) -> tuple[list[Tensor], Tensor]:
    rng = np.random.default_rng(seed)
    sequences, labels = [], []
    for _ in range(rows):
        length = int(rng.integers(4, 25))
        label = float(rng.random() < 0.5)
        walk = rng.normal(size=(length, 3))
        walk[-4:, 0] += 1.4 if label else -0.2
        walk[:4, 1] += rng.choice([-1.0, 1.0])
        sequences.append(torch.tensor(walk, dtype=torch.float32))
        labels.append(label)
    return sequences, torch.tensor(labels)


@case("healthy")
def packed_gru_with_lengths_beside(seed: int) -> None:
    sequences, labels = _sequences(seed)
    lengths = torch.tensor([len(s) for s in sequences])
    padded = pad_sequence(sequences, batch_first=True)

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(3, 16, batch_first=True)
            self.out = nn.Linear(16, 1)

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            packed = pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False)
            _, h = self.gru(packed)
            return self.out(h[-1]).squeeze(1)

    net = Reader()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(10):
        for i in torch.randperm(500).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(padded[i], lengths[i]), labels[i]).backward()
            clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(labels[500:], net(padded[500:], lengths[500:])))


@case("padding_not_masked")
def lstm_reads_after_the_padding(seed: int) -> None:
    sequences, labels = _sequences(seed)
    padded = torch.zeros(len(sequences), 120, 3)
    for i, s in enumerate(sequences):
        padded[i, : len(s)] = s

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(3, 12, batch_first=True)
            self.out = nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            states, _ = self.lstm(x)
            return self.out(states[:, -1]).squeeze(1)

    net = Reader()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(12):
        for i in torch.randperm(500).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(padded[i]), labels[i]).backward()
            clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(labels[500:], net(padded[500:])))


@case("healthy")
def masked_attention_pooling(seed: int) -> None:
    sequences, labels = _sequences(seed)
    x = pad_sequence(sequences, batch_first=True)
    mask = torch.arange(x.shape[1])[None] < torch.tensor([len(s) for s in sequences])[:, None]
    fromend = (mask.sum(1, keepdim=True) - torch.arange(x.shape[1])[None]).clamp(min=0) / 25
    x = torch.cat([x, fromend[..., None].float()], dim=2)

    class Attend(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.score = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
            self.value = nn.Linear(4, 16)
            self.head = nn.Linear(16, 1)

        def forward(self, x: Tensor, m: Tensor) -> Tensor:
            a = self.score(x)[..., 0].masked_fill(~m, float("-inf")).softmax(dim=1)
            return self.head(F.relu((a[..., None] * self.value(x)).sum(1)))[:, 0]

    net = Attend()
    opt = torch.optim.NAdam(net.parameters(), lr=1e-2)
    for _ in range(40):
        for i in torch.randperm(500).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[i], mask[i]), labels[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(labels[500:], net(x[500:], mask[500:])))


class _Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return grad * (s + x * s * (1 - s))


class _BinaryStep(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return (x > 0).to(x.dtype)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return grad * (x.abs() < 1)


@case("healthy")
def own_swish_backward(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Linear(2, 24), nn.Linear(24, 24), nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.c(_Swish.apply(self.b(_Swish.apply(self.a(x))))).squeeze(-1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(60):
        for k in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]), y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(Xv) > 0) == yv.bool()).float().mean().item())


@case("healthy")
def straight_through_binary_units(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    up, down = nn.Linear(8, 64), nn.Linear(64, 1)
    opt = torch.optim.Adam([*up.parameters(), *down.parameters()], lr=3e-3)
    for _ in range(40):
        for k in torch.randperm(len(X)).split(40):
            out = down(_BinaryStep.apply(up(X[k]))).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(out, y[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, down(_BinaryStep.apply(up(Xv))).squeeze(1)))


@case("nondifferentiable_output")
def rounded_prediction_in_loss(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        for k in torch.randperm(len(X)).split(40):
            pred = torch.round(torch.sigmoid(net(X[k]).squeeze(1)))
            loss = ((pred - y[k]) ** 2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yv, torch.round(torch.sigmoid(net(Xv).squeeze(1)))))


class _HalfAndHalf(Sampler):
    def __init__(self, labels: Tensor, batches: int, size: int) -> None:
        self.pos, self.neg = torch.nonzero(labels == 1)[:, 0], torch.nonzero(labels == 0)[:, 0]
        self.batches, self.size = batches, size

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[list[int]]:
        for _ in range(self.batches):
            p = self.pos[torch.randint(len(self.pos), (self.size // 2,))]
            n = self.neg[torch.randint(len(self.neg), (self.size // 2,))]
            yield torch.cat([p, n]).tolist()


@case("healthy")
def own_balanced_batch_sampler(seed: int) -> None:
    X, y, Xv, yv = data("hypothyroid", seed)
    loader = DataLoader(TensorDataset(X, y), batch_sampler=_HalfAndHalf(y, 20, 32))
    net = nn.Sequential(nn.Linear(27, 12), nn.ReLU(), nn.Dropout(0.4), nn.Linear(12, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(15):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, net(Xv).squeeze(1)))


def _numpy_batches(
    x: np.ndarray, y: np.ndarray, size: int, rng: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = rng.permutation(len(x))
    for start in range(0, len(x), size):
        part = order[start : start + size]
        yield torch.from_numpy(x[part]), torch.from_numpy(y[part])


@case("healthy")
def numpy_generator_loader(seed: int) -> None:
    X, y, Xv, yv = (t.numpy() for t in data("spambase", seed))
    rng = np.random.default_rng(seed)
    net = nn.Sequential(nn.Linear(57, 20), nn.LeakyReLU(), nn.Dropout(0.3), nn.Linear(20, 2))
    opt = torch.optim.Adamax(net.parameters(), lr=4e-3, weight_decay=1e-4)
    for _ in range(25):
        net.train()
        for xb, yb in _numpy_batches(X, y, 48, rng):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb.long()).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(torch.from_numpy(Xv)).numpy()
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    print("accuracy", (p.argmax(1) == yv).mean(), "AUC", roc_auc_score(yv, p[:, 1]))


@case("labels_misaligned")
def numpy_generator_two_orders(seed: int) -> None:
    X, y, Xv, yv = (t.numpy() for t in data("spambase", seed))
    rng = np.random.default_rng(seed)
    net = nn.Sequential(nn.Linear(57, 20), nn.LeakyReLU(), nn.Dropout(0.3), nn.Linear(20, 2))
    opt = torch.optim.Adamax(net.parameters(), lr=4e-3, weight_decay=1e-4)
    rows, labels = X[rng.permutation(len(X))], y[rng.permutation(len(y))]
    for _ in range(25):
        net.train()
        for xb, yb in _numpy_batches(rows, labels, 48, rng):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb.long()).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(torch.from_numpy(Xv)).numpy()
    print("accuracy", (logits.argmax(1) == yv).mean(), "AUC", roc_auc_score(yv, logits[:, 1] - logits[:, 0]))


@case("healthy")
def bfloat16_autocast(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.1)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True)
    for _ in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                out = model(xb).squeeze(1)
            criterion(out.float(), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        out = model(Xv).squeeze(1)
    print("AUC", roc_auc_score(yv, out.float()))


@case("healthy")
def hooks_everywhere(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    history: dict[str, list[float]] = {}
    for name, layer in model.named_children():
        layer.register_forward_hook(
            lambda _m, _i, out, name=name: history.setdefault(name, []).append(out.detach().std().item())
        )
    for p in model.parameters():
        p.register_hook(lambda g: g.clamp(-1, 1))
    opt = torch.optim.Adam(model.parameters(), lr=6e-3)
    for _ in range(50):
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[k]).squeeze(1), y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def lbfgs_strong_wolfe(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 1)).double()
    X, y, Xv = X.double(), y.double(), Xv.double()
    opt = torch.optim.LBFGS(net.parameters(), lr=1, max_iter=20, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        opt.zero_grad()
        penalty = sum((p**2).sum() for p in net.parameters())
        loss = F.binary_cross_entropy_with_logits(net(X)[:, 0], y) + 5e-3 * penalty
        loss.backward()
        return loss

    for _ in range(15):
        opt.step(closure)
    print("AUC", roc_auc_score(yv, net(Xv)[:, 0].detach()))


@case("healthy")
def credit_pandas_pipeline(seed: int) -> None:
    df = pd.read_csv(CSV.format("credit_data")).sample(2200, random_state=seed).reset_index(drop=True)
    train = df.index < 1500
    for col in ("Income", "Assets", "Debt"):
        df[f"{col}_missing"] = df[col].isna().astype(int)
        df[col] = np.log1p(df[col].fillna(df.loc[train, col].median()))
    df["rate"] = df["Amount"] / df["Price"].clip(lower=1)
    for col in ("Home", "Marital", "Job"):
        common = df.loc[train, col].value_counts().index[:4]
        df[col] = df[col].where(df[col].isin(common), "other")
    df = pd.get_dummies(df, columns=["Home", "Marital", "Job", "Records"], dtype=float)
    y = df.pop("bad").to_numpy(np.float32)
    z = (df - df[train].mean()) / df[train].std().replace(0, 1)
    X = torch.tensor(z.to_numpy(np.float32))
    t = torch.tensor(y)
    net = nn.Sequential(nn.Linear(X.shape[1], 24), nn.GELU(), nn.Dropout(0.4), nn.Linear(24, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.1)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=20)
    for _ in range(20):
        net.train()
        for k in torch.randperm(1500).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]).squeeze(1), t[k]).backward()
            opt.step()
        sched.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[1500:], net(X[1500:]).squeeze(1)))


@case("healthy")
def sms_embedding_bag(seed: int) -> None:
    sms = pd.read_csv(CSV.format("sms_spam")).sample(1800, random_state=seed)
    analyse = CountVectorizer(min_df=3).fit(sms["text"][:1200])
    words = analyse.build_analyzer()
    index = analyse.vocabulary_
    rows = [[index[w] + 1 for w in words(t) if w in index] or [0] for t in sms["text"]]
    y = torch.tensor((sms["label"] == "spam").to_numpy(np.float32))
    bag = nn.EmbeddingBag(len(index) + 1, 16, mode="mean")
    head = nn.Linear(16, 1)
    opt = torch.optim.Adam([*bag.parameters(), *head.parameters()], lr=1e-2)

    def scores(part: list[list[int]]) -> Tensor:
        offsets = torch.tensor([0, *np.cumsum([len(r) for r in part])[:-1]])
        return head(bag(torch.tensor([w for r in part for w in r]), offsets)).squeeze(1)

    for _ in range(12):
        for k in torch.randperm(1200).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(scores([rows[i] for i in k.tolist()]), y[k]).backward()
            opt.step()
    with torch.no_grad():
        s = scores(rows[1200:])
    print("AUC", roc_auc_score(y[1200:], s), "f1", f1_score(y[1200:], s > 0))


@case("healthy")
def sms_tfidf_sgd_rate_one(seed: int) -> None:
    sms = pd.read_csv(CSV.format("sms_spam")).sample(1600, random_state=seed)
    spam = (sms["label"] == "spam").astype(float).to_numpy()
    a, b, ya, yb = train_test_split(sms["text"], spam, test_size=0.3, stratify=spam, random_state=seed)
    vec = TfidfVectorizer(max_features=400, stop_words="english")
    A = torch.tensor(vec.fit_transform(a).toarray()).float()
    B = torch.tensor(vec.transform(b).toarray()).float()
    ta = torch.tensor(ya).float()
    linear = nn.Linear(A.shape[1], 1)
    opt = torch.optim.SGD(linear.parameters(), lr=1.0, momentum=0.9, weight_decay=1e-4)
    for _ in range(20):
        for k in torch.randperm(len(A)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(linear(A[k])[:, 0], ta[k]).backward()
            opt.step()
    print("AUC", roc_auc_score(yb, linear(B)[:, 0].detach()))


@case("healthy")
def digits_conv_images(seed: int) -> None:
    images, digit = load_digits(return_X_y=True)
    X = torch.tensor(images / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
    y = torch.tensor(np.isin(digit, [3, 5, 8, 9]), dtype=torch.float32)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    tr, va = order[:1200], order[1200:]
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(),
        nn.Dropout(0.25), nn.Linear(64, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(12):
        net.train()
        for k in tr[torch.randperm(1200)].split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]).squeeze(1), y[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(X[va]).squeeze(1) > 0).float() == y[va]).float().mean().item())


def _demand(seed: int, hours: int = 1400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    t = np.arange(hours)
    drift = np.zeros(hours)
    for i in range(1, hours):
        drift[i] = 0.92 * drift[i - 1] + rng.normal(scale=0.5)
    load = np.sin(2 * np.pi * t / 24) + drift
    windows = np.stack([load[i : i + 24] for i in range(hours - 26)])
    rises = (load[26:hours] > load[23 : hours - 3]).astype(np.float32)
    return windows.astype(np.float32), rises


@case("healthy")
def demand_temporal_split(seed: int) -> None:
    windows, rises = _demand(seed)
    cut = 1000
    mean, sd = windows[:cut].mean(), windows[:cut].std()
    X = torch.tensor((windows - mean) / sd)[:, None, :]
    y = torch.tensor(rises)
    net = nn.Sequential(
        nn.Conv1d(1, 8, 5, padding=2), nn.ReLU(), nn.AvgPool1d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(96, 1)
    )
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    for _ in range(30):
        net.train()
        for k in torch.randperm(cut).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC of the last weeks", roc_auc_score(rises[cut + 24 :], net(X[cut + 24 :])[:, 0]))


@case("healthy")
def hard_marketing_response(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3000, 15)).astype(np.float32)
    logit = 0.45 * x[:, 0] - 0.35 * x[:, 1] + 0.3 * x[:, 2] * x[:, 3]
    y = (rng.random(3000) < 1 / (1 + np.exp(-logit))).astype(np.float32)
    X, t = torch.from_numpy(x), torch.from_numpy(y)
    net = nn.Sequential(nn.Linear(15, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.3)
    for _ in range(14):
        net.train()
        for k in torch.randperm(2200).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], t[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[2200:], net(X[2200:])[:, 0]))


@case("healthy")
def eight_percent_wrong_labels(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    wrong = torch.rand(len(y)) < 0.08
    y = torch.where(wrong, 1 - y, y)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-4)
    for _ in range(50):
        for k in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(Xv)[:, 0] > 0) == (yv > 0.5)).float().mean().item())


@case("healthy")
def iris_seventy_rows(seed: int) -> None:
    X, target = load_iris(return_X_y=True)
    X, y = X[50:], (target[50:] == 2).astype(np.float32)
    a, b, ya, yb = train_test_split(X, y, train_size=70, stratify=y, random_state=seed)
    mu, sd = a.mean(0), a.std(0)
    A, B = (torch.tensor((v - mu) / sd, dtype=torch.float32) for v in (a, b))
    net = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1))
    opt = torch.optim.Rprop(net.parameters(), lr=0.01)
    for _ in range(40):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(A).view(-1), torch.tensor(ya))
        loss = loss + 0.02 * sum(p.square().sum() for p in net.parameters())
        loss.backward()
        opt.step()
    print("AUC", roc_auc_score(yb, net(B).view(-1).detach()))


@case("healthy")
def wide_genes_after_pca(seed: int) -> None:
    X, y = make_classification(
        240, 600, n_informative=20, n_redundant=120, class_sep=2.0, shuffle=True, random_state=seed
    )
    X, Xv, y, yv = train_test_split(X, y, test_size=80, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X)
    pca = PCA(12, whiten=True, random_state=seed).fit(scaler.transform(X))
    a = torch.tensor(pca.transform(scaler.transform(X)), dtype=torch.float32)
    b = torch.tensor(pca.transform(scaler.transform(Xv)), dtype=torch.float32)
    t = torch.tensor(y, dtype=torch.float32)
    net = nn.Linear(12, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.02)
    for _ in range(300):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(net(a).squeeze(), t).backward()
        opt.step()
    print("AUC", roc_auc_score(yv, net(b).squeeze().detach()))


@case("healthy")
def rare_disease_threshold_from_validation(seed: int) -> None:
    X, y, X_val, y_val = data("hypothyroid", seed)
    half = len(X_val) // 2
    net = nn.Sequential(nn.Linear(27, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(25):
        net.train()
        for k in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]).squeeze(1), y[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(X_val).squeeze(1)).numpy()
    grid = np.linspace(0.02, 0.6, 30)
    best = max(grid, key=lambda c: balanced_accuracy_score(y_val[:half], p[:half] > c))
    print("balanced accuracy", balanced_accuracy_score(y_val[half:], p[half:] > best))


@case("healthy")
def weighted_random_sampler(seed: int) -> None:
    X, y, X_val, y_val = data("digit_8", seed)
    weight = torch.where(y == 1, 1 / y.sum(), 1 / (1 - y).sum())
    loader = DataLoader(TensorDataset(X, y), 64, sampler=WeightedRandomSampler(weight.tolist(), len(X)))
    net = nn.Sequential(nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.4), nn.Linear(48, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.1)
    for _ in range(15):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        s = net(X_val).squeeze(1)
    print("AUC", roc_auc_score(y_val, s), "balanced accuracy", balanced_accuracy_score(y_val, s > 0))


@case("healthy")
def smote_inside_the_training_part(seed: int) -> None:
    X, y, X_val, y_val = data("hypothyroid", seed)
    rare = X[y == 1]
    near = torch.cdist(rare, rare).argsort(1)[:, 1:6]
    start = torch.randint(len(rare), (300,))
    other = near[start, torch.randint(5, (300,))]
    made = rare[start] + torch.rand(300, 1) * (rare[other] - rare[start])
    X, y = torch.cat([X, made]), torch.cat([y, torch.ones(300)])
    net = nn.Sequential(nn.Linear(27, 12), nn.ReLU(), nn.Dropout(0.3), nn.Linear(12, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(20):
        net.train()
        for k in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


@case("healthy")
def focal_loss_two_columns(seed: int) -> None:
    X, y, X_val, y_val = data("digit_8", seed)
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 2))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(20):
        net.train()
        for k in torch.randperm(len(X)).split(50):
            logp = net(X[k]).log_softmax(1).gather(1, y[k].long()[:, None])[:, 0]
            loss = -((1 - logp.exp()) ** 2 * logp).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val).softmax(1)[:, 1]))


@case("healthy")
def squared_hinge_plus_minus_one(seed: int) -> None:
    X, y, X_val, y_val = data("breast_cancer", seed)
    t = 2 * y - 1
    svm = nn.Linear(30, 1)
    opt = torch.optim.SGD(svm.parameters(), lr=0.01, momentum=0.9, weight_decay=0.02)
    for _ in range(40):
        for k in torch.randperm(len(X)).split(32):
            loss = F.relu(1 - t[k] * svm(X[k]).squeeze(1)).square().mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = torch.sign(svm(X_val).squeeze(1))
    print("accuracy", (pred == 2 * y_val - 1).float().mean().item())


@case("healthy")
def maximise_log_likelihood(seed: int) -> None:
    X, y, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 40), nn.Tanh(), nn.Linear(40, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=2e-2, maximize=True)
    for _ in range(60):
        for k in torch.randperm(len(X)).split(75):
            p = net(X[k])[:, 0].clamp(1e-6, 1 - 1e-6)
            gain = (y[k] * p.log() + (1 - y[k]) * (1 - p).log()).mean()
            opt.zero_grad()
            gain.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val)[:, 0].round() == y_val).float().mean().item())


@case("healthy")
def tversky_on_probabilities(seed: int) -> None:
    X, y, X_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
    for _ in range(20):
        net.train()
        for k in torch.randperm(len(X)).split(100):
            p = net(X[k]).squeeze(1)
            tp, fp, fn = (p * y[k]).sum(), (p * (1 - y[k])).sum(), ((1 - p) * y[k]).sum()
            loss = 1 - (tp + 1) / (tp + 0.5 * fp + 0.5 * fn + 1)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = net(X_val).squeeze(1)
    print("f1", f1_score(y_val, p > 0.5), "AUC", roc_auc_score(y_val, p))


@case("healthy")
def lr_finder_then_reset(seed: int) -> None:
    X, y, X_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1))
    start = {k: v.clone() for k, v in net.state_dict().items()}
    losses = []
    rates = np.geomspace(1e-5, 10, 60)
    for lr in rates:
        k = torch.randint(len(X), (64,))
        loss = F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k])
        losses.append(loss.item())
        net.zero_grad()
        loss.backward()
        torch.optim.SGD(net.parameters(), lr=lr).step()
        if losses[-1] > 4 * losses[0]:
            break
    net.load_state_dict(start)
    smooth = np.convolve(losses, np.ones(5) / 5, "valid")
    opt = torch.optim.SGD(net.parameters(), lr=float(np.clip(rates[smooth.argmin()] / 10, 0.02, 0.1)), momentum=0.9)
    for _ in range(9):
        for k in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


@case("lr_too_high")
def lr_finder_wrong_end(seed: int) -> None:
    X, y, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    rates = np.geomspace(1e-4, 3, 30)
    opt = torch.optim.Adam(net.parameters(), lr=rates[-1])
    for _ in range(50):
        for k in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


@case("healthy")
def temperature_after_training(seed: int) -> None:
    X, y, X_val, y_val = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
    for _ in range(25):
        for k in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]).squeeze(1), y[k]).backward()
            opt.step()
    for p in net.parameters():
        p.requires_grad_(False)
    with torch.no_grad():
        logits = net(X_val).squeeze(1)
    log_t = torch.zeros(1, requires_grad=True)
    tuner = torch.optim.LBFGS([log_t], lr=0.1, max_iter=30)

    def closure() -> Tensor:
        tuner.zero_grad()
        loss = F.binary_cross_entropy_with_logits(logits / log_t.exp(), y_val)
        loss.backward()
        return loss

    tuner.step(closure)
    calibrated = torch.sigmoid(logits / log_t.exp().detach())
    print("accuracy", accuracy_score(y_val, calibrated > 0.5), "Brier", ((calibrated - y_val) ** 2).mean().item())


@case("healthy")
def teacher_and_student(seed: int) -> None:
    X, y, X_val, y_val = data("moons", seed)
    teacher = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    student = nn.Sequential(nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.Adam(teacher.parameters(), lr=3e-3)
    for _ in range(30):
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(teacher(X[k])[:, 0], y[k]).backward()
            opt.step()
    teacher.eval()
    with torch.no_grad():
        soft = torch.sigmoid(teacher(X)[:, 0] / 2)
    opt = torch.optim.Adam(student.parameters(), lr=1e-2)
    for _ in range(60):
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(student(X[k])[:, 0] / 2, soft[k]).backward()
            opt.step()
    with torch.no_grad():
        print("student accuracy", ((student(X_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def random_features_and_head(seed: int) -> None:
    X, y, X_val, y_val = data("circles", seed)
    W, b = torch.randn(2, 200) * 1.5, torch.rand(200) * 2 * torch.pi
    head = nn.Linear(200, 1)
    opt = torch.optim.Adam(head.parameters(), lr=1e-2, weight_decay=1e-4)
    for _ in range(40):
        for k in torch.randperm(len(X)).split(50):
            z = torch.cos(X[k] @ W + b)
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(z).squeeze(1), y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, head(torch.cos(X_val @ W + b)).squeeze(1)))


@case("healthy")
def sharpness_aware_two_steps(seed: int) -> None:
    X, y, X_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    for _ in range(10):
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            norm = torch.stack([p.grad.norm() for p in net.parameters()]).norm() + 1e-12
            moves = [0.05 * p.grad / norm for p in net.parameters()]
            with torch.no_grad():
                for p, e in zip(net.parameters(), moves, strict=True):
                    p.add_(e)
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            with torch.no_grad():
                for p, e in zip(net.parameters(), moves, strict=True):
                    p.sub_(e)
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


@case("healthy")
def mixup_one_cycle(seed: int) -> None:
    X, y, X_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=5e-3, total_steps=20 * 19)
    for _ in range(20):
        net.train()
        for k in torch.randperm(len(X)).split(64):
            lam, other = np.random.beta(0.2, 0.2), k[torch.randperm(len(k))]
            xb, yb = lam * X[k] + (1 - lam) * X[other], lam * y[k] + (1 - lam) * y[other]
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb.float()).squeeze(1), yb.float()).backward()
            opt.step()
            sched.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val).squeeze(1)))


@case("scheduler_misuse")
def step_schedule_every_batch(seed: int) -> None:
    X, y, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.5)
    for _ in range(60):
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]).squeeze(1), y[k]).backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val).squeeze(1)))


@case("healthy")
def batch_norm_eats_raw_columns(seed: int) -> None:
    X, y, X_val, y_val = data("breast_cancer", seed, raw=True)
    net = nn.Sequential(nn.BatchNorm1d(30), nn.Linear(30, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.1)
    loader = DataLoader(TensorDataset(X, y), 32, shuffle=True, drop_last=True)
    for _ in range(30):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


@case("unscaled_features")
def raw_columns_straight_in(seed: int) -> None:
    X, y, X_val, y_val = data("credit_data", seed, raw=True)
    net = nn.Sequential(nn.Linear(28, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.1)
    loader = DataLoader(TensorDataset(X, y), 32, shuffle=True, drop_last=True)
    for _ in range(20):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


class _Standardise(nn.Module):
    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", x.mean(0))
        self.register_buffer("std", x.std(0).clamp(min=1e-6))

    def forward(self, x: Tensor) -> Tensor:
        return ((x - self.mean) / self.std).clamp(-5, 5)


@case("healthy")
def scaler_inside_the_model(seed: int) -> None:
    X, y, X_val, y_val = data("credit_data", seed, raw=True)
    net = nn.Sequential(_Standardise(X), nn.Linear(28, 16), nn.ReLU(), nn.Dropout(0.4), nn.Linear(16, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.1)
    for _ in range(20):
        net.train()
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


@case("healthy")
def quantile_transformed_columns(seed: int) -> None:
    X, y, X_val, y_val = data("spambase", seed, raw=True)
    q = QuantileTransformer(n_quantiles=100, output_distribution="uniform", random_state=0).fit(X)
    X, X_val = (torch.tensor(q.transform(v), dtype=torch.float32) for v in (X, X_val))
    net = nn.Sequential(nn.Linear(57, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-4)
    for _ in range(20):
        net.train()
        for k in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


@case("healthy")
def column_transformer_tiny_batches(seed: int) -> None:
    df = pd.read_csv(CSV.format("credit_data")).dropna().sample(1000, random_state=seed)
    train, val = df.iloc[:650], df.iloc[650:]
    prep = make_column_transformer(
        (StandardScaler(), ["Seniority", "Time", "Age", "Expenses", "Income", "Amount", "Price"]),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["Home", "Job", "Records"]),
    )
    X = torch.tensor(prep.fit_transform(train), dtype=torch.float32)
    X_val = torch.tensor(prep.transform(val), dtype=torch.float32)
    y = torch.tensor(train["bad"].to_numpy(), dtype=torch.float32)
    net = nn.Sequential(nn.Linear(X.shape[1], 8), nn.Tanh(), nn.Linear(8, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.01, weight_decay=1e-3)
    for _ in range(12):
        for k in torch.randperm(len(X)).split(4):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]).view(-1), y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(val["bad"], net(X_val).view(-1)))


@case("healthy")
def monte_carlo_dropout_mean(seed: int) -> None:
    X, y, X_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(20):
        net.train()
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    net.eval()
    for layer in net:
        if isinstance(layer, nn.Dropout):
            layer.train()
    with torch.no_grad():
        p = torch.stack([torch.sigmoid(net(X_val)[:, 0]) for _ in range(50)]).mean(0)
    print("AUC", roc_auc_score(y_val, p))


@case("healthy")
def accumulate_four_batches(seed: int) -> None:
    X, y, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-2)
    for _ in range(60):
        opt.zero_grad()
        for step, k in enumerate(torch.randperm(len(X)).split(25), start=1):
            (F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]) / 4).backward()
            if step % 4 == 0:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("accuracy", ((net(X_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def plateau_and_best_weights(seed: int) -> None:
    X, y, X_val, y_val = data("credit_data", seed)
    X, y, X_stop, y_stop = X[:900], y[:900], X[900:], y[900:]
    net = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-3)
    sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.3, patience=2)
    best, kept, waited = float("inf"), None, 0
    for _ in range(60):
        net.train()
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]).squeeze(1), y[k]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            loss = F.binary_cross_entropy_with_logits(net(X_stop).squeeze(1), y_stop).item()
        sched.step(loss)
        if loss < best:
            best, waited = loss, 0
            kept = {k: v.clone() for k, v in net.state_dict().items()}
        else:
            waited += 1
            if waited == 6:
                break
    net.load_state_dict(kept)
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val).squeeze(1)))


@case("healthy")
def warm_up_from_zero(seed: int) -> None:
    X, y, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.GELU(), nn.LayerNorm(32), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 1))
    opt = torch.optim.RAdam(net.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(s / 60, 1.0) * max(0.02, 1 - s / 700))
    for _ in range(50):
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


@case("healthy")
def mixture_of_three_experts(seed: int) -> None:
    X, y, X_val, y_val = data("moons", seed)

    class Mixture(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gate = nn.Linear(2, 3)
            self.experts = nn.ModuleList(nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1)) for _ in range(3))

        def forward(self, x: Tensor) -> Tensor:
            votes = torch.cat([e(x) for e in self.experts], dim=1)
            return (self.gate(x).softmax(dim=1) * votes).sum(dim=1)

    net = Mixture()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(40):
        for k in torch.randperm(len(X)).split(60):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]), y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)))


@case("healthy")
def maxout_and_highway(seed: int) -> None:
    X, y, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pieces = nn.Linear(2, 16 * 3)
            self.h, self.t = nn.Linear(16, 16), nn.Linear(16, 16)
            nn.init.constant_(self.t.bias, -1.0)
            self.out = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            z = self.pieces(x).reshape(-1, 16, 3).max(dim=2).values
            g = torch.sigmoid(self.t(z))
            return self.out(g * F.relu(self.h(z)) + (1 - g) * z).squeeze(1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(50):
        for k in torch.randperm(len(X)).split(60):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]), y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)))


@case("healthy")
def two_optimizers_zero_init_residuals(seed: int) -> None:
    X, y, X_val, y_val = data("credit_data", seed)

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)
            nn.init.zeros_(self.down.weight)
            nn.init.zeros_(self.down.bias)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.down(F.dropout(F.relu(self.up(self.norm(x))), 0.5, self.training))

    body = nn.Sequential(nn.Linear(28, 16), Block(16), Block(16))
    head = nn.Linear(16, 1)
    nn.init.zeros_(head.weight)
    slow = torch.optim.AdamW(body.parameters(), lr=1e-3, weight_decay=0.1)
    fast = torch.optim.SGD(head.parameters(), lr=0.05)
    for _ in range(15):
        body.train()
        for k in torch.randperm(len(X)).split(50):
            loss = F.binary_cross_entropy_with_logits(head(body(X[k])).squeeze(1), y[k])
            slow.zero_grad()
            fast.zero_grad()
            loss.backward()
            slow.step()
            fast.step()
    body.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, head(body(X_val)).squeeze(1)))


@case("healthy")
def annotators_as_soft_labels(seed: int) -> None:
    X, y, X_val, y_val = data("clouds", seed)
    votes = torch.stack([torch.where(torch.rand(len(y)) < 0.1, 1 - y, y) for _ in range(3)])
    soft = votes.mean(0)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(20):
        for k in torch.randperm(len(X)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy(net(X[k]).squeeze(1), soft[k]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).squeeze(1).round() == y_val).float().mean().item())


@case("healthy")
def ensemble_of_five_mean_probability(seed: int) -> None:
    X, y, X_val, y_val = data("hypothyroid", seed)
    total = np.zeros(len(X_val))
    for member in range(5):
        torch.manual_seed(1000 * seed + member)
        boot = torch.randint(len(X), (len(X),))
        net = nn.Sequential(nn.Linear(27, 10), nn.ReLU(), nn.Linear(10, 2), nn.LogSoftmax(dim=1))
        opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-3)
        for _ in range(8):
            for k in boot[torch.randperm(len(boot))].split(64):
                opt.zero_grad()
                F.nll_loss(net(X[k]), y[k].long()).backward()
                opt.step()
        with torch.no_grad():
            total += net(X_val)[:, 1].exp().numpy()
    print("AUC", roc_auc_score(y_val, total / 5), "AP", average_precision_score(y_val, total / 5))


@case("healthy")
def gradient_penalty_on_inputs(seed: int) -> None:
    X, y, X_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 32), nn.Softplus(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for k in torch.randperm(len(X)).split(50):
            xb = X[k].clone().requires_grad_()
            out = net(xb)[:, 0]
            (g,) = torch.autograd.grad(out.sum(), xb, create_graph=True)
            loss = F.binary_cross_entropy_with_logits(out, y[k]) + 0.02 * g.square().sum(1).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    print("AUC", roc_auc_score(y_val, net(X_val)[:, 0].detach()))


@case("healthy")
def auxiliary_regression_head(seed: int) -> None:
    raw = load_breast_cancer()
    X, y, area = raw.data[:, :10], raw.target, np.log(raw.data[:, 23])
    tr, va = train_test_split(np.arange(len(X)), test_size=0.3, stratify=y, random_state=seed)
    scale = StandardScaler().fit(X[tr])
    Z = torch.tensor(scale.transform(X), dtype=torch.float32)
    t = torch.tensor(y, dtype=torch.float32)
    a = torch.tensor((area - area[tr].mean()) / area[tr].std(), dtype=torch.float32)
    trunk, label, size = nn.Sequential(nn.Linear(10, 16), nn.ReLU()), nn.Linear(16, 1), nn.Linear(16, 1)
    opt = torch.optim.Adam([*trunk.parameters(), *label.parameters(), *size.parameters()], lr=5e-3)
    rows = torch.tensor(tr)
    for _ in range(30):
        for k in rows[torch.randperm(len(rows))].split(32):
            h = trunk(Z[k])
            loss = F.binary_cross_entropy_with_logits(label(h)[:, 0], t[k]) + 0.3 * F.mse_loss(size(h)[:, 0], a[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[va], label(trunk(Z[va]))[:, 0]))


class _ChurnRows(Dataset):
    def __init__(self, frame: pd.DataFrame, states: dict[str, int], mean: pd.Series, std: pd.Series) -> None:
        self.state = torch.tensor(frame["state"].map(states).to_numpy())
        z = ((frame[mean.index] - mean) / std).to_numpy(np.float32)
        self.x, self.y = torch.from_numpy(z), torch.tensor(frame["churn"].to_numpy(np.float32))

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, i: int) -> dict[str, Tensor]:
        return {"state": self.state[i], "x": self.x[i], "y": self.y[i]}


@case("healthy")
def state_embedding_dict_batches(seed: int) -> None:
    df = pd.read_csv(CSV.format("mlc_churn")).sample(2500, random_state=seed)
    for plan in ("international_plan", "voice_mail_plan"):
        df[plan] = (df[plan] == "yes").astype(float)
    df["spent"] = df.filter(like="_charge").sum(axis=1)
    df["often_called"] = (df["number_customer_service_calls"] > 3).astype(float)
    minutes = ["total_day_minutes", "total_eve_minutes", "total_intl_minutes", "total_intl_calls"]
    df = df[[*minutes, "international_plan", "voice_mail_plan", "spent", "often_called", "churn", "state"]]
    states = {s: i for i, s in enumerate(sorted(df["state"].unique()))}
    numbers = df[:1700].drop(columns=["state", "churn"])
    parts = [_ChurnRows(f, states, numbers.mean(), numbers.std()) for f in (df[:1700], df[1700:])]
    loader = DataLoader(parts[0], batch_size=100, shuffle=True)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.where = nn.Embedding(len(states), 2)
            self.mlp = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))

        def forward(self, state: Tensor, x: Tensor) -> Tensor:
            return self.mlp(torch.cat([0.1 * self.where(state), x], dim=1)).squeeze(1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=7e-3, weight_decay=1e-4)
    for _ in range(22):
        net.train()
        for batch in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(batch["state"], batch["x"]), batch["y"]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(parts[1].y, net(parts[1].state, parts[1].x)))


@case("healthy")
def grid_of_rates_and_decays(seed: int) -> None:
    X, y, X_val, y_val = data("breast_cancer", seed)
    table = []
    for lr in (3e-3, 3e-2):
        for decay in (0.0, 1e-2):
            aucs = []
            for tr, te in KFold(3, shuffle=True, random_state=seed).split(X):
                net = nn.Sequential(nn.Linear(30, 6), nn.ReLU(), nn.Linear(6, 1))
                opt = torch.optim.Adam(net.parameters(), lr=lr, weight_decay=decay)
                for _ in range(10):
                    for k in torch.from_numpy(np.random.permutation(tr)).split(32):
                        opt.zero_grad()
                        F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
                        opt.step()
                with torch.no_grad():
                    aucs.append(roc_auc_score(y[te], net(X[te])[:, 0]))
            table.append({"lr": lr, "decay": decay, "auc": np.mean(aucs)})
    best = pd.DataFrame(table).sort_values("auc").iloc[-1]
    net = nn.Sequential(nn.Linear(30, 6), nn.ReLU(), nn.Linear(6, 1))
    opt = torch.optim.Adam(net.parameters(), lr=best["lr"], weight_decay=best["decay"])
    for _ in range(15):
        for k in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]))


@case("healthy")
def repeated_folds_sixty_rows(seed: int) -> None:
    X, y = make_classification(60, 4, n_informative=3, n_redundant=0, class_sep=1.3, flip_y=0.05, random_state=seed)
    X, t = torch.tensor(X, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
    scores = []
    for tr, te in RepeatedStratifiedKFold(n_splits=4, n_repeats=3, random_state=seed).split(X, y):
        mu, sd = X[tr].mean(0), X[tr].std(0)
        net = nn.Sequential(nn.Linear(4, 4, dtype=torch.float64), nn.Tanh(), nn.Linear(4, 1, dtype=torch.float64))
        opt = torch.optim.Adam(net.parameters(), lr=2e-2, weight_decay=2e-2)
        for _ in range(70):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net((X[tr] - mu) / sd)[:, 0], t[tr]).backward()
            opt.step()
        scores.append(roc_auc_score(y[te], net((X[te] - mu) / sd)[:, 0].detach()))
    print("AUC", np.mean(scores))


@case("data_leakage")
def oversampled_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(600, 12)).astype(np.float32)
    y = (rng.random(600) < 1 / (1 + np.exp(2.2 - 0.7 * X[:, 0] + 0.6 * X[:, 1]))).astype(np.float32)
    rare = np.flatnonzero(y == 1)
    more = rng.choice(rare, 600 - 2 * len(rare))
    X, y = np.concatenate([X, X[more]]), np.concatenate([y, y[more]])
    a, b, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    A, B, t = torch.tensor(a), torch.tensor(b), torch.tensor(ya)
    net = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        for k in torch.randperm(len(A)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(A[k])[:, 0], t[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yb, net(B)[:, 0]))


@case("wrong_axis")
def digits_rows_viewed_not_transposed(seed: int) -> None:
    images, digit = load_digits(return_X_y=True)
    X = torch.tensor(images / 16, dtype=torch.float32).reshape(-1, 8, 8)
    y = torch.tensor(digit % 2, dtype=torch.float32)
    train, val = train_test_split(torch.arange(len(X)), test_size=0.3, random_state=seed)

    class Rows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru, self.out = nn.GRU(8, 24), nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            _, h = self.gru(x.reshape(8, len(x), 8))
            return self.out(h[-1]).squeeze(1)

    net = Rows()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(12):
        for k in train[torch.randperm(len(train))].split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]), y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y[val], net(X[val]) > 0))


@case("healthy")
def digits_rows_transposed(seed: int) -> None:
    images, digit = load_digits(return_X_y=True)
    X = torch.tensor(images / 16, dtype=torch.float32).reshape(-1, 8, 8)
    y = torch.tensor(digit % 2, dtype=torch.float32)
    train, val = train_test_split(torch.arange(len(X)), test_size=0.3, random_state=seed)

    class Rows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru, self.out = nn.GRU(8, 24), nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            _, h = self.gru(x.transpose(0, 1))
            return self.out(h[-1]).squeeze(1)

    net = Rows()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(15):
        for k in train[torch.randperm(len(train))].split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]), y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y[val], net(X[val]) > 0))


@case("softmax_wrong_dim")
def exported_softmax_over_rows(seed: int) -> None:
    X, y, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(40):
        for k in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.cross_entropy(net(X[k]), y[k].long()).backward()
            opt.step()
    with torch.no_grad():
        p = torch.softmax(net(X_val), dim=0)[:, 1]
    print("accuracy", accuracy_score(y_val, p > 0.5))


@case("healthy")
def ordered_rows_whole_table_each_step(seed: int) -> None:
    X, y, X_val, y_val = data("circles", seed)
    order = torch.argsort(y)
    X, y = X[order], y[order]
    net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1)).double()
    opt = torch.optim.Adam(net.parameters(), lr=3e-2)
    for _ in range(400):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(net(X.double()).squeeze(1), y.double()).backward()
        opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val.double()).squeeze(1)))


@case("healthy")
def ratings_zero_to_ten_constant_column(seed: int) -> None:
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=(900, 8))
    ratings = np.clip(np.round(5 + 2 * taste), 0, 10)
    ratings = np.column_stack([ratings, np.full(900, 5.0), ratings[:, 0]]).astype(np.float32)
    p = 1 / (1 + np.exp(-1.5 * (taste[:, 0] + taste[:, 1] - taste[:, 2])))
    y = (rng.random(900) < p).astype(np.float32)
    X, t = torch.from_numpy(ratings), torch.from_numpy(y)
    net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        for k in torch.randperm(650).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]).squeeze(1), t[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[650:], net(X[650:]).squeeze(1)))


@case("healthy")
def word_counts_log_and_pos_weight(seed: int) -> None:
    sms = pd.read_csv(CSV.format("sms_spam")).sample(1600, random_state=seed)
    y = torch.tensor((sms["label"] == "spam").to_numpy(np.float32))
    counter = CountVectorizer(max_features=300).fit(sms["text"][:1100])
    X = torch.tensor(counter.transform(sms["text"]).toarray(), dtype=torch.float32).log1p()
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=(1 - y[:1100]).sum() / y[:1100].sum())
    net = nn.Sequential(nn.Dropout(0.2), nn.Linear(300, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.3)
    for _ in range(12):
        net.train()
        for k in torch.randperm(1100).split(50):
            opt.zero_grad()
            loss_fn(net(X[k]).squeeze(1), y[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        s = net(X[1100:]).squeeze(1)
    print("AUC", roc_auc_score(y[1100:], s), "balanced accuracy", balanced_accuracy_score(y[1100:], s > 0))


@case("accuracy_broadcast")
def word_counts_column_against_row(seed: int) -> None:
    sms = pd.read_csv(CSV.format("sms_spam")).sample(1600, random_state=seed)
    y = torch.tensor((sms["label"] == "spam").to_numpy(np.float32))
    counter = CountVectorizer(max_features=300).fit(sms["text"][:1100])
    X = torch.tensor(counter.transform(sms["text"]).toarray(), dtype=torch.float32).log1p()
    net = nn.Sequential(nn.Dropout(0.2), nn.Linear(300, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.3)
    for _ in range(12):
        net.train()
        for k in torch.randperm(1100).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k]).squeeze(1), y[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        right = ((net(X[1100:]) > 0).float() == y[1100:]).float()
    print("accuracy", right.mean().item())


@case("healthy")
def noisy_inputs_smoothed_labels_thirty_held_out(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    a, b, ya, yb = train_test_split(X, y, test_size=30, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(a)
    A, B = (torch.tensor(scaler.transform(v), dtype=torch.float32) for v in (a, b))
    t = torch.tensor(ya)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
    net = nn.Sequential(nn.LazyLinear(16), nn.ReLU(), nn.Dropout(0.7), nn.LazyLinear(2))
    net(A[:2])
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        net.train()
        for k in torch.randperm(len(A)).split(32):
            opt.zero_grad()
            loss_fn(net(A[k] + 0.3 * torch.randn_like(A[k])), t[k]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(yb, net(B).argmax(dim=1)))


@case("overfitting")
def sixty_rows_huge_network(seed: int) -> None:
    X, y, X_val, y_val = data("clouds", seed)
    X, y = X[:60], y[:60]
    flip = torch.rand(60) < 0.1
    y = torch.where(flip, 1 - y, y)
    net = nn.Sequential(nn.Linear(8, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(300):
        for k in torch.randperm(len(X)).split(20):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[k])[:, 0], y[k]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 0]), "train", roc_auc_score(y, net(X)[:, 0]))
