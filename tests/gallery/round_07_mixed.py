"""Mixed cases: unchanged scripts on sick tables, faults of numbers, and mistakes in code."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import accuracy_score, f1_score, log_loss, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

TABLES = Path(__file__).parents[2] / "data"


# --- three scripts, and the tables they are given ---


def fit_mlp(x: Tensor, y: Tensor, x_val: Tensor, y_val: Tensor) -> None:
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    for _ in range(25):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (torch.sigmoid(model(x_val).squeeze(1)) > 0.5).float()
    hits, found = (predicted == y_val).float().mean().item(), predicted[y_val == 1].mean().item()
    print(f"accuracy {hits:.3f}, recall {found:.3f}")


class TwoWay(nn.Module):
    def __init__(self, columns: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(columns, 24)
        self.out = nn.Linear(24, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.tanh(self.hidden(x)))


def fit_two_way(x: Tensor, y: Tensor, x_val: Tensor, y_val: Tensor) -> None:
    net = TwoWay(x.shape[1])
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(40):
        for start in range(0, len(x), 64):
            out = net(x[start : start + 64])
            loss = criterion(out, y[start : start + 64].long())
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            correct = (net(x_val).argmax(dim=1) == y_val.long()).float().mean().item()
        if epoch == 39:
            print(f"validation accuracy: {correct:.3f}")


def fit_best_epoch(x: Tensor, y: Tensor, x_val: Tensor, y_val: Tensor) -> None:
    d = x.shape[1]
    model = nn.Sequential(nn.Linear(d, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    target = y.reshape(-1, 1)
    best, kept, waited = float("inf"), {k: v.clone() for k, v in model.state_dict().items()}, 0
    for _ in range(40):
        model.train()
        for rows in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x[rows]), target[rows]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            now = F.binary_cross_entropy_with_logits(model(x_val), y_val.reshape(-1, 1)).item()
        if now < best:
            best, kept, waited = now, {k: v.clone() for k, v in model.state_dict().items()}, 0
        else:
            waited += 1
        if waited == 8:
            break
    model.load_state_dict(kept)
    with torch.no_grad():
        p = torch.sigmoid(model(x_val)).squeeze(1)
    print(f"loss {best:.3f}, accuracy {((p > 0.5).float() == y_val).float().mean().item():.3f}")


def as_tensors(*arrays: np.ndarray) -> list[Tensor]:
    return [torch.tensor(np.asarray(array), dtype=torch.float32) for array in arrays]


def split_scaled(x: np.ndarray, y: np.ndarray, seed: int) -> list[Tensor]:
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(x_train)
    return as_tensors(scaler.transform(x_train), y_train, scaler.transform(x_val), y_val)


@case("label_encoding")
def tumours_coded_one_two(seed: int) -> None:
    x, y, x_val, y_val = data("breast_cancer", seed)
    fit_mlp(x, y + 1, x_val, y_val + 1)


@case("label_encoding")
def spam_coded_plus_minus(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    fit_best_epoch(x, 2 * y - 1, x_val, 2 * y_val - 1)


@case("labels_single_class")
def head_of_sorted_file(seed: int) -> None:
    table = pd.read_csv(f"{TABLES}/spambase/spambase.csv.gz")
    x = table.drop(columns="spam").to_numpy()
    y = table["spam"].to_numpy()
    test = np.random.default_rng(seed).choice(np.arange(1000, len(x)), 800, replace=False)
    mean, std = x[:1000].mean(axis=0), x[:1000].std(axis=0) + 0.1
    fit_mlp(*as_tensors((x[:1000] - mean) / std, y[:1000], (x[test] - mean) / std, y[test]))


@case("labels_misaligned")
def mails_sampled_labels_not(seed: int) -> None:
    table = pd.read_csv(f"{TABLES}/spambase/spambase.csv.gz")
    y = table["spam"].to_numpy()
    table = table.sample(frac=1, random_state=seed)
    x = table.drop(columns="spam").to_numpy()
    x_train, y_train, x_val, y_val = split_scaled(x, y, seed)
    fit_best_epoch(x_train[:1500], y_train[:1500], x_val, y_val)


@case("labels_misaligned")
def digit_labels_one_row_late(seed: int) -> None:
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = x[order] / 16, (y[order] >= 5).astype(float)
    x, y = x[1:], y[:-1]
    fit_two_way(*as_tensors(x[:1200], y[:1200], x[1200:], y[1200:]))


@case("label_noise")
def mixed_careless_annotators(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    rng = np.random.default_rng(seed)
    y = torch.where(torch.from_numpy(rng.random(len(y)) < 0.38), 1 - y, y)
    y_val = torch.where(torch.from_numpy(rng.random(len(y_val)) < 0.38), 1 - y_val, y_val)
    fit_mlp(x, y, x_val, y_val)


@case("weak_signal")
def churn_from_call_counts(seed: int) -> None:
    table = pd.read_csv(f"{TABLES}/mlc_churn/mlc_churn.csv.gz")
    table = table.groupby("churn").sample(600, random_state=seed)
    columns = ["account_length", "total_day_calls", "total_eve_calls", "total_night_calls"]
    fit_mlp(*split_scaled(table[columns].to_numpy(float), table["churn"].to_numpy(float), seed))


@case("unscaled_features")
def credit_in_pesetas(seed: int) -> None:
    fit_two_way(*data("credit_data", seed, raw=True))


@case("unscaled_features")
def wine_as_loaded(seed: int) -> None:
    x, y = load_wine(return_X_y=True)
    a, b, c, d = train_test_split(x, (y == 1).astype(float), test_size=0.4, random_state=seed)
    fit_two_way(*as_tensors(a, c, b, d))


@case("preprocess_mismatch")
def tumours_measured_in_other_unit(seed: int) -> None:
    x, y, x_val, y_val = data("breast_cancer", seed, raw=True)
    mean, std = x.mean(dim=0), x.std(dim=0)
    fit_mlp((x - mean) / std, y, (10 * x_val - mean) / std, y_val)


@case("preprocess_mismatch")
def mixed_validation_left_raw(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed, raw=True)
    fit_two_way((x - x.mean(dim=0)) / x.std(dim=0), y, x_val, y_val)


@case("nan_features")
def income_not_filled(seed: int) -> None:
    table = pd.read_csv(f"{TABLES}/credit_data/credit_data.csv.gz").sample(1600, random_state=seed)
    x = table[["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]]
    fit_mlp(*split_scaled(x.to_numpy(float), table["bad"].to_numpy(float), seed))


@case("unshuffled_data")
def sorted_tumours_through_batchnorm(seed: int) -> None:
    x, y, x_val, y_val = data("breast_cancer", seed)
    order = y.argsort()
    net = nn.Sequential(nn.Linear(30, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(x[order], y[order]), batch_size=32, shuffle=False)
    for _ in range(40):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("data_leakage")
def mixed_oversampled_then_split(seed: int) -> None:
    x, y, x_val, y_val = data("mlc_churn", seed)
    x, y = torch.cat([x, x_val])[:1000].numpy(), torch.cat([y, y_val])[:1000].numpy()
    rng = np.random.default_rng(seed)
    rare, common = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    rows = np.concatenate([common, rng.choice(rare, len(common))])
    fit_mlp(*split_scaled(x[rows], y[rows], seed))


@case("imbalance")
def few_bad_loans(seed: int) -> None:
    x, y, x_val, y_val = data("credit_data", seed)
    keep, keep_val = (y == 0) | (y.cumsum(0) <= 25), (y_val == 0) | (y_val.cumsum(0) <= 20)
    fit_best_epoch(x[keep], y[keep], x_val[keep_val], y_val[keep_val])


@case("healthy")
def table_spam(seed: int) -> None:
    fit_mlp(*data("spambase", seed))


@case("healthy")
def table_moons(seed: int) -> None:
    fit_mlp(*data("moons", seed))


@case("healthy")
def table_mails_sorted_but_drawn(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    order = y.argsort()
    fit_best_epoch(x[order], y[order], x_val, y_val)


@case("healthy")
def table_tumours(seed: int) -> None:
    fit_two_way(*data("breast_cancer", seed))


@case("healthy")
def table_iris_pair(seed: int) -> None:
    x, y = load_iris(return_X_y=True)
    fit_mlp(*split_scaled(x[50:], (y[50:] == 2).astype(float), seed))


@case("healthy")
def table_wine_scaled(seed: int) -> None:
    x, y = load_wine(return_X_y=True)
    fit_two_way(*split_scaled(x, (y == 1).astype(float), seed))


@case("healthy")
def table_pixels_three_or_eight(seed: int) -> None:
    x, y = load_digits(return_X_y=True)
    kept = np.isin(y, [3, 8])
    a, b, c, d = train_test_split(x[kept] / 16, (y[kept] == 8).astype(float), random_state=seed)
    fit_mlp(*as_tensors(a, c, b, d))


@case("healthy")
def table_credit_is_hard(seed: int) -> None:
    fit_best_epoch(*data("credit_data", seed))


@case("healthy")
def table_churn(seed: int) -> None:
    fit_best_epoch(*data("mlc_churn", seed))


@case("healthy")
def table_text_messages(seed: int) -> None:
    table = pd.read_csv(f"{TABLES}/sms_spam/sms_spam.csv.gz").sample(1800, random_state=seed)
    y = (table["label"] == "spam").to_numpy(float)
    counts = CountVectorizer(max_features=200, binary=True).fit_transform(table["text"]).toarray()
    fit_mlp(*as_tensors(counts[:1200], y[:1200], counts[1200:], y[1200:]))


# --- numbers ---


@case("lr_too_high")
def sgd_giant_steps(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1))
    opt = torch.optim.SGD(net.parameters(), lr=30.0)
    for _ in range(60):
        for i in torch.randperm(600).split(60):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_train[i])[:, 0], y_train[i])
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(X_val)[:, 0] > 0) == y_val.bool()).float().mean().item())


@case("lr_too_high")
def adam_point_eight(seed: int) -> None:
    x, y, xv, yv = data("digit_8", seed)
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
    adam = torch.optim.Adam(model.parameters(), lr=0.8)
    for _epoch in range(30):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True):
            adam.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(xb).flatten(), yb).backward()
            adam.step()
    print("auc", roc_auc_score(yv, model(xv).detach().flatten()))


@case("lr_too_low")
def sgd_tiny_steps(seed: int) -> None:
    X, y, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=1e-4)
    crit = nn.BCEWithLogitsLoss()
    for _ in range(60):
        for idx in torch.randperm(len(X)).split(30):
            opt.zero_grad()
            crit(net(X[idx]).squeeze(-1), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val.numpy(), net(X_val).squeeze(-1).numpy()))


@case("lr_too_low")
def adam_one_in_a_million(seed: int) -> None:
    x, y, x_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(x.shape[1], 40), nn.ReLU(), nn.Linear(40, 2))
    optim = torch.optim.Adam(model.parameters(), lr=1e-6)
    ce = nn.CrossEntropyLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(x, y.long()), batch_size=40, shuffle=True):
            optim.zero_grad()
            ce(model(xb), yb).backward()
            optim.step()
    with torch.inference_mode():
        print("auc", roc_auc_score(y_val, model(x_val).softmax(1)[:, 1]))


@case("undertrained")
def four_full_batches(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
    for _ in range(4):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(x).view(-1), y)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).view(-1) > 0).float() == y_val).float().mean().item())


@case("scheduler_misuse")
def decay_each_batch(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.8)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
            schedule.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(x_val).squeeze(1)))


@case("scheduler_misuse")
def tenth_every_epoch(seed: int) -> None:
    Xtr, ytr, Xva, yva = data("mlc_churn", seed)
    net = nn.Sequential(nn.Linear(71, 30), nn.Tanh(), nn.Linear(30, 1))
    sgd = torch.optim.SGD(net.parameters(), lr=0.1)
    plan = torch.optim.lr_scheduler.StepLR(sgd, step_size=1, gamma=0.1)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr.unsqueeze(1)), batch_size=64, shuffle=True):
            sgd.zero_grad()
            nn.BCEWithLogitsLoss()(net(xb), yb).backward()
            sgd.step()
        plan.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yva, net(Xva)[:, 0]))


@case("regularisation_too_strong")
def decay_of_a_half(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.005, weight_decay=0.5)
    for _ in range(50):
        for rows in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("regularisation_too_strong")
def dropout_nearly_everything(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    model = nn.Sequential(
        nn.Linear(2, 32), nn.ReLU(), nn.Dropout(0.95), nn.Linear(32, 32), nn.ReLU(), nn.Dropout(0.95), nn.Linear(32, 1)
    )
    opt = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(50):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        p = model(x_val).squeeze(1).sigmoid()
    print("log loss", log_loss(y_val, p), "accuracy", accuracy_score(y_val, p > 0.5))


@case("regularisation_too_strong")
def heavy_l1_term(seed: int) -> None:
    x, y, x_val, y_val = data("digit_8", seed)
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(25):
        for rows in torch.randperm(len(x)).split(32):
            fit = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss = fit + 0.1 * sum(p.abs().sum() for p in net.parameters())
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(x_val).squeeze(1)))


@case("bad_init")
def all_weights_half(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
    for p in net.parameters():
        nn.init.constant_(p, 0.5)
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        for rows in torch.randperm(len(x)).split(60):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(x_val).squeeze(1)))


@case("bad_init")
def normal_weights_std_five(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 50), nn.Tanh(), nn.Linear(50, 50), nn.Tanh(), nn.Linear(50, 1))
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=5.0)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        out = net(x_val).squeeze(1)
    print("auc", roc_auc_score(y_val, out), "acc", accuracy_score(y_val, out > 0))


@case("bad_init")
def weights_near_nothing(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(
        nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1)
    )
    for name, p in net.named_parameters():
        nn.init.normal_(p, std=1e-4) if "weight" in name else nn.init.zeros_(p)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(80):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("vanishing_gradients")
def nine_sigmoid_floors(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    layers: list[nn.Module] = [nn.Linear(2, 24), nn.Sigmoid()]
    for _ in range(8):
        layers += [nn.Linear(24, 24), nn.Sigmoid()]
    net = nn.Sequential(*layers, nn.Linear(24, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(60):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("dead_relu")
def biases_far_below_zero(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    nn.init.constant_(net[2].bias, -6.0)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(50):
        for rows in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(x_val).squeeze(1)))


@case("underfitting")
def one_hidden_unit(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 1), nn.Tanh(), nn.Linear(1, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("overfitting")
def wide_net_few_loans(seed: int) -> None:
    x, y, x_val, y_val = data("credit_data", seed)
    x, y = x[:250], y[:250]
    net = nn.Sequential(nn.Linear(28, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(120):
        for rows in torch.randperm(len(x)).split(25):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
        if epoch % 20 == 19:
            with torch.no_grad():
                p = net(x_val).squeeze(1).sigmoid()
            print(f"val loss {F.binary_cross_entropy(p, y_val).item():.3f}, auc {roc_auc_score(y_val, p):.3f}")


@case("class_weights_wrong")
def weight_of_two_hundred(seed: int) -> None:
    x, y, x_val, y_val = data("credit_data", seed)
    net = nn.Sequential(nn.Linear(28, 16), nn.ReLU(), nn.Linear(16, 1))
    crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([200.0]))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            crit(net(x[rows]), y[rows].unsqueeze(1)).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val, net(x_val).squeeze(1) > 0))


@case("class_weights_wrong")
def weights_for_the_wrong_side(seed: int) -> None:
    x, y, x_val, y_val = data("mlc_churn", seed)
    share = y.mean()
    net = nn.Sequential(nn.Linear(71, 24), nn.ReLU(), nn.Linear(24, 2))
    crit = nn.CrossEntropyLoss(weight=torch.stack([1 / share, 1 / (1 - share)]))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(x, y.long()), batch_size=32, shuffle=True):
            opt.zero_grad()
            crit(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        guess = net(x_val).argmax(1)
    print("recall", recall_score(y_val, guess), "f1", f1_score(y_val, guess, zero_division=0))


@case("batch_size_too_small")
def pairs_through_batchnorm(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(
        nn.Linear(2, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Linear(16, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Linear(16, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(4):
        net.train()
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=2, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("batchnorm_stats")
def momentum_one_in_ten_thousand(seed: int) -> None:
    x, y, x_val, y_val = data("breast_cancer", seed, raw=True)
    net = nn.Sequential(nn.BatchNorm1d(30, momentum=1e-4), nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        net.train()
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("threshold_not_tuned")
def balanced_training_rare_in_life(seed: int) -> None:
    x, y, x_val, y_val = data("hypothyroid", seed)
    rare, common = torch.nonzero(y == 1)[:, 0], torch.nonzero(y == 0)[:, 0]
    rows = torch.cat([rare, common[: len(rare)]])
    x, y = x[rows], y[rows]
    net = nn.Sequential(nn.Linear(27, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        p = net(x_val).squeeze(1).sigmoid().numpy()
    print("auc", roc_auc_score(y_val, p), "f1 of the ill", f1_score(y_val, p > 0.5))


@case("nan_loss")
def logarithm_of_zero(seed: int) -> None:
    x, y, x_val, y_val = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(60):
        for rows in torch.randperm(len(x)).split(32):
            p = net(x[rows]).squeeze(1)
            loss = -(y[rows] * torch.log(p) + (1 - y[rows]) * torch.log(1 - p)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0.5).float() == y_val).float().mean().item())


@case("augmentation_too_heavy")
def noise_wider_than_the_rings(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.005)
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=40, shuffle=True):
            xb = xb + 3.0 * torch.randn_like(xb)
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def clipped_to_a_hair_but_adam(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 0.01)
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def gradient_descent_rate_one(seed: int) -> None:
    x, y, x_val, y_val = data("clouds", seed)
    w, b = torch.zeros(8, requires_grad=True), torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([w, b], lr=1.0)
    for _ in range(300):
        loss = F.binary_cross_entropy_with_logits(x @ w + b, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, x_val @ w + b))


@case("healthy")
def adamw_decay_looks_large(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=0.005, weight_decay=0.3)
    for _ in range(50):
        for rows in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def half_dropped_wide(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(x_val).squeeze(1)))


@case("healthy")
def last_layer_starts_at_zero(seed: int) -> None:
    x, y, x_val, y_val = data("digit_8", seed)
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    nn.init.zeros_(net[-1].weight)
    nn.init.zeros_(net[-1].bias)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(25):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(x_val).squeeze(1)))


@case("healthy")
def one_cycle_to_nothing(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    cycle = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.5, total_steps=600)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
            cycle.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def deep_but_normalised_sigmoids(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    layers: list[nn.Module] = []
    for width in (2, 24, 24, 24):
        layers += [nn.Linear(width, 24), nn.BatchNorm1d(24), nn.Sigmoid()]
    net = nn.Sequential(*layers, nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        net.train()
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=60, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


# --- mistakes in code ---


@case("double_sigmoid")
def probabilities_into_logit_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(57, 32)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.fc2(F.relu(self.fc1(x))))

    net = Net()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.view(-1, 1)), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(net(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        pred = torch.round(torch.sigmoid(net(X_val))).view(-1)
    print("Accuracy:", accuracy_score(y_val.numpy(), pred.numpy()))


@case("softmax_before_ce")
def ends_with_softmax(seed: int) -> None:
    xtr, ytr, xte, yte = data("hypothyroid", seed)
    clf = nn.Sequential(nn.Linear(27, 20), nn.ReLU(), nn.Linear(20, 2), nn.Softmax(dim=1))
    crit = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(clf.parameters(), lr=0.02)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(xtr, ytr.long()), batch_size=32, shuffle=True):
            opt.zero_grad()
            crit(clf(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("recall", recall_score(yte, clf(xte).argmax(dim=1)))


@case("bce_on_logits")
def clamped_scores_as_probabilities(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.3)
    for _ in range(40):
        for i in torch.randperm(600).split(40):
            p = model(x[i]).squeeze(1).clamp(1e-7, 1 - 1e-7)
            loss = nn.BCELoss()(p, y[i])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        p = model(xv).squeeze(1).clamp(1e-7, 1 - 1e-7)
    print("loss", F.binary_cross_entropy(p, yv).item(), "accuracy", ((p > 0.5) == (yv > 0.5)).float().mean().item())


@case("ce_single_output")
def one_column_cross_entropy(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    lossfn = nn.CrossEntropyLoss()
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(x, y[:, None]), batch_size=16, shuffle=True):
            opt.zero_grad()
            lossfn(model(xb), yb).backward()
            opt.step()
    print("auc", roc_auc_score(yv, model(xv).detach()[:, 0]))


@case("softmax_single_output")
def softmax_of_one_number(seed: int) -> None:
    x, y, xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Softmax(dim=-1))
    opt = torch.optim.Adam(net.parameters(), lr=0.005)
    for _ in range(20):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy(net(x[rows]).squeeze(), y[rows]).backward()
            opt.step()
    print("accuracy", ((net(xv).squeeze() > 0.5).float() == yv).float().mean().item())


@case("nll_on_probabilities")
def nll_forgot_the_log(seed: int) -> None:
    x, y, xv, yv = data("mlc_churn", seed)
    net = nn.Sequential(nn.Linear(71, 24), nn.ReLU(), nn.Linear(24, 2), nn.Softmax(dim=1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    nll = nn.NLLLoss()
    for _ in range(20):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            nll(net(x[rows]), y[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        p = net(xv)
    print("log loss", log_loss(yv, p[:, 1]), "recall", recall_score(yv, p.argmax(1)))


@case("relu_on_output")
def activation_after_every_layer(seed: int) -> None:
    x, y, xv, yv = data("mlc_churn", seed)
    sizes = [71, 32, 16, 1]
    parts: list[nn.Module] = []
    for i in range(3):
        parts.extend((nn.Linear(sizes[i], sizes[i + 1]), nn.ReLU()))
    net = nn.Sequential(*parts)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        p = net(xv).squeeze(1).sigmoid()
    print("log loss", log_loss(yv, p), "auc", roc_auc_score(yv, p))


@case("no_nonlinearity")
def three_lines_in_a_row(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)

    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Linear(2, 64), nn.Linear(64, 64), nn.Linear(64, 1)

        def forward(self, t: Tensor) -> Tensor:
            t = self.a(t)
            t = self.b(t)
            return self.c(t).squeeze(-1)

    net = Deep()
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, net(xv)))


@case("shape_broadcast")
def squared_error_by_hand(seed: int) -> None:
    x, y, xv, yv = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(32):
            loss = ((net(x[rows]) - y[rows]) ** 2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(xv)[:, 0] > 0.5).float() == yv).float().mean().item())


def rhythms(seed: int, rows: int = 700) -> tuple[Tensor, Tensor, Tensor]:
    """Return padded series [rows, 60, 1], lengths and labels: rising or falling on the whole."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows)
    lengths = rng.integers(5, 12, rows)
    time = np.arange(60)
    series = rng.normal(size=(rows, 60)) + (2 * y[:, None] - 1) * 0.25 * (time - lengths[:, None] / 2)
    series[time >= lengths[:, None]] = 0.0
    return torch.tensor(series[..., None]).float(), torch.tensor(lengths), torch.tensor(y).float()


@case("padding_not_masked")
def state_after_the_zeros(seed: int) -> None:
    x, _, y = rhythms(seed)
    rnn, head = nn.RNN(1, 12, batch_first=True), nn.Linear(12, 1)
    opt = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=3e-3)
    for _ in range(12):
        for rows in torch.randperm(500).split(25):
            out, _ = rnn(x[rows])
            loss = F.binary_cross_entropy_with_logits(head(out[:, -1]).squeeze(1), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        out, _ = rnn(x[500:])
        print("auc", roc_auc_score(y[500:], head(out[:, -1]).squeeze(1)))


@case("wrong_axis")
def view_in_place_of_transpose(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 800)
    slope = (2 * y - 1)[:, None] * np.linspace(-1, 1, 10)
    x = torch.tensor(np.stack([rng.normal(size=(800, 10)) + slope, rng.normal(size=(800, 10))], axis=2)).float()
    t = torch.tensor(y).float()
    gru, out = nn.GRU(2, 12), nn.Linear(12, 1)
    opt = torch.optim.Adam(list(gru.parameters()) + list(out.parameters()), lr=5e-3)
    for _ in range(15):
        for rows in torch.randperm(600).split(30):
            _, h = gru(x[rows].view(10, len(rows), 2))
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(out(h[0]).squeeze(1), t[rows]).backward()
            opt.step()
    with torch.no_grad():
        _, h = gru(x[600:].view(10, 200, 2))
        print("accuracy", ((out(h[0]).squeeze(1) > 0).float() == t[600:]).float().mean().item())


@case("no_zero_grad")
def mixed_gradients_pile_up(seed: int) -> None:
    x, y, xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(30):
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("no_optimizer_step")
def step_behind_a_condition(seed: int) -> None:
    x, y, xv, yv = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(12):
        for number, rows in enumerate(torch.randperm(len(x)).split(40)):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            if number == 32:
                opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, net(xv).squeeze(1)))


@case("optimizer_wrong_params")
def rebuilt_after_the_optimizer(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)

    def build() -> nn.Sequential:
        return nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))

    net = build()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    net = build()
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, net(xv).squeeze(1)))


@case("frozen_params")
def froze_one_too_many(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 1))
    for name, p in net.named_parameters():
        p.requires_grad = name.startswith("4.bias")
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, net(xv).squeeze(1)))


class ListNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = [nn.Linear(2, 4), nn.Linear(4, 4), nn.Linear(4, 4)]
        self.head = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = torch.tanh(block(x))
        return self.head(x).squeeze(1)


@case("unregistered_params")
def blocks_in_a_list(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)
    net = ListNet()
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(xv) > 0).float() == yv).float().mean().item())


class FreshLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(57, 32)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.first(x))
        last = nn.Linear(32, 1)
        return last(x).squeeze(1)


@case("layer_in_forward")
def head_made_on_the_fly(seed: int) -> None:
    x, y, xv, yv = data("spambase", seed)
    net = FreshLayer()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    crit = nn.BCEWithLogitsLoss()
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=40, shuffle=True):
            opt.zero_grad()
            crit(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yv, net(xv) > 0))


class Detached(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh())
        self.head = nn.Linear(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        features = torch.tensor(self.body(x).detach().numpy())
        return self.head(features).squeeze(1)


@case("graph_detached")
def features_through_numpy(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)
    net = Detached()
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(xv) > 0).float() == yv).float().mean().item())


@case("nondifferentiable_output")
def mixed_rounded_before_the_loss(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(32):
            loss = F.mse_loss(torch.round(net(x[rows]).squeeze(1)), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, net(xv).squeeze(1)))


@case("eval_mode_missing")
def each_class_through_batchnorm(seed: int) -> None:
    x, y, xv, yv = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    for label in (0.0, 1.0):
        with torch.no_grad():
            found = (net(xv[yv == label]).squeeze(1) > 0).float()
        print("class", label, "accuracy", (found == label).float().mean().item())


@case("train_mode_missing")
def eval_once_and_for_all(seed: int) -> None:
    x, y, xv, yv = data("credit_data", seed, raw=True)
    net = nn.Sequential(nn.BatchNorm1d(28), nn.Linear(28, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    net.eval()
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, net(xv).squeeze(1)))


class AlwaysDrops(nn.Module):
    def __init__(self, columns: int) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(columns, 32), nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.two(F.dropout(torch.relu(self.one(x)), 0.85)).squeeze(1)


@case("functional_dropout")
def dropout_without_the_flag(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)
    net = AlwaysDrops(2)
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(50):
        net.train()
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(xv) > 0).float() == yv).float().mean().item())


@case("threshold_on_logits")
def mixed_rounded_logits(seed: int) -> None:
    x, y, xv, yv = data("credit_data", seed)
    net = nn.Sequential(nn.Linear(28, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-2)
    crit = nn.BCEWithLogitsLoss()
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            crit(net(x[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        scores = net(xv).squeeze(1).numpy()
    print("recall", recall_score(yv, scores > 0.5), "f1", f1_score(yv, scores > 0.5))


@case("argmax_single_output")
def argmax_of_one_column(seed: int) -> None:
    x, y, xv, yv = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows].reshape(-1, 1)).backward()
            opt.step()
    predictions = np.argmax(net(xv).detach().numpy(), axis=1)
    print("accuracy", (predictions == yv.numpy()).mean(), "f1", f1_score(yv, predictions))


@case("accuracy_broadcast")
def compares_column_with_row(seed: int) -> None:
    x, y, xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows].unsqueeze(1)).backward()
            opt.step()
    with torch.no_grad():
        guess = (torch.sigmoid(net(xv)) >= 0.5).float()
    print("accuracy", (guess == yv).float().mean().item())


@case("softmax_wrong_dim")
def shares_of_the_batch(seed: int) -> None:
    x, y, xv, yv = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        p = torch.softmax(net(xv), dim=0)[:, 1]
    print("accuracy", accuracy_score(yv, p > 0.5))


@case("healthy")
def sigmoid_with_its_own_loss(seed: int) -> None:
    x, y, xv, yv = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(x, y[:, None]), batch_size=32, shuffle=True):
            opt.zero_grad()
            nn.BCELoss()(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(xv)[:, 0] > 0.5).float() == yv).float().mean().item())


@case("healthy")
def hinge_wants_plus_and_minus(seed: int) -> None:
    x, y, xv, yv = data("clouds", seed)
    net = nn.Linear(8, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.02)
    sign, sign_val = 2 * y - 1, 2 * yv - 1
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(30):
            loss = (1 - sign[rows] * net(x[rows]).squeeze(1)).clamp(min=0).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(xv).squeeze(1).sign() == sign_val).float().mean().item())


@case("healthy")
def gradients_of_four_batches(seed: int) -> None:
    x, y, xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(80):
        for number, rows in enumerate(torch.randperm(len(x)).split(25)):
            (F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]) / 4).backward()
            if number % 4 == 3:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("accuracy", ((net(xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("healthy")
def two_columns_with_log_softmax(seed: int) -> None:
    x, y, xv, yv = data("digit_8", seed)
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2), nn.LogSoftmax(dim=1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            nn.NLLLoss()(net(x[rows]), y[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yv, net(xv)[:, 1].exp()))


@case("healthy")
def state_at_the_last_real_step(seed: int) -> None:
    x, lengths, y = rhythms(seed)
    rnn, head = nn.RNN(1, 12, batch_first=True), nn.Linear(12, 1)
    opt = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=3e-3)

    def score(rows: Tensor) -> Tensor:
        out, _ = rnn(x[rows])
        return head(out[torch.arange(len(rows)), lengths[rows] - 1]).squeeze(1)

    for _ in range(12):
        for rows in torch.randperm(500).split(25):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(score(rows), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[500:], score(torch.arange(500, 700))))


@case("healthy")
def quasi_newton_with_closure(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x, t, xv, tv = split_scaled(x, y.astype(float), seed)
    w, b = nn.Parameter(torch.zeros(30)), nn.Parameter(torch.zeros(()))
    opt = torch.optim.LBFGS([w, b], lr=0.5, max_iter=5)

    def closure() -> Tensor:
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(x @ w + b, t) + 0.01 * w.square().sum()
        loss.backward()
        return loss

    for _ in range(30):
        opt.step(closure)
    with torch.no_grad():
        print("accuracy", accuracy_score(tv, xv @ w + b > 0))


@case("healthy")
def functional_dropout_with_flag(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleList([nn.Linear(2, 64), nn.Linear(64, 1)])

        def forward(self, x: Tensor) -> Tensor:
            h = F.dropout(F.relu(self.parts[0](x)), p=0.3, training=self.training)
            return self.parts[1](h).squeeze(1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        net.train()
        for rows in torch.randperm(len(x)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            score = ((net(xv) > 0).float() == yv).float().mean().item()
    print("accuracy", score)
