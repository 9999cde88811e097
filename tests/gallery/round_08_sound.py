"""Sound training code in many styles, with a few broken near twins."""

import copy
import math
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
    make_classification,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    roc_auc_score,
)
from sklearn.model_selection import GroupShuffleSplit, KFold, StratifiedKFold, train_test_split
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.optim.swa_utils import AveragedModel, update_bn
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, WeightedRandomSampler

FOLDER = Path(__file__).parents[2] / "data"


@case("healthy")
def moons_maxout(seed: int) -> None:
    class Maxout(nn.Module):
        def __init__(self, n_in: int, n_out: int, pieces: int = 3) -> None:
            super().__init__()
            self.linear = nn.Linear(n_in, n_out * pieces)
            self.pieces = pieces

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(x).unflatten(1, (-1, self.pieces)).amax(dim=2)

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(Maxout(2, 12), Maxout(12, 12), nn.Linear(12, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _ in range(25):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean()
    print(f"accuracy {accuracy:.3f}")


@case("healthy")
def circles_sgd_rate_one(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    opt = torch.optim.SGD(net.parameters(), lr=1.0)
    for _ in range(600):
        loss = nn.functional.binary_cross_entropy_with_logits(net(X), y[:, None])
        opt.zero_grad()
        loss.backward()
        opt.step()
    pred = (torch.sigmoid(net(Xv)) > 0.5).squeeze(1).numpy()
    print("accuracy", (pred == yv.numpy()).mean())


@case("healthy")
def clouds_logistic_lbfgs(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    model = nn.Linear(8, 1)
    optimizer = torch.optim.LBFGS(model.parameters(), lr=1, max_iter=10, line_search_fn="strong_wolfe")
    criterion = nn.BCEWithLogitsLoss()

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = criterion(model(X).flatten(), y) + 1e-3 * model.weight.square().sum()
        loss.backward()
        return loss

    for _ in range(10):
        optimizer.step(closure)
    with torch.no_grad():
        print("AUC", roc_auc_score(yv.numpy(), model(Xv).flatten().numpy()))


@case("healthy")
def cancer_lbfgs_small_net(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 5), nn.Tanh(), nn.Linear(5, 1))
    opt = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=5)
    for _ in range(15):

        def closure() -> Tensor:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X).squeeze(-1), y)
            loss = loss + 0.01 * sum(p.square().sum() for p in model.parameters())
            loss.backward()
            return loss

        opt.step(closure)
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(-1)))


@case("healthy")
def cancer_two_logits_argmax(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    loader = DataLoader(TensorDataset(X, y.long()), batch_size=16, shuffle=True)
    for _ in range(20):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad(set_to_none=True)
            criterion(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.inference_mode():
        pred = model(Xv).argmax(dim=1)
    print("accuracy", (pred == yv).float().mean().item())


@case("healthy")
def cancer_nll_log_softmax(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.BatchNorm1d(30), nn.Linear(30, 12), nn.ELU(), nn.Linear(12, 2), nn.LogSoftmax(dim=1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3)
    criterion = nn.NLLLoss()
    for _ in range(25):
        model.train()
        order = torch.randperm(len(X))
        for part in order.split(64):
            loss = criterion(model(X[part]), y[part].long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        prob = model(Xv).exp()[:, 1]
    print("AUC", roc_auc_score(yv, prob), "accuracy", accuracy_score(yv, prob.round()))


@case("healthy")
def spam_sigmoid_bce_rmsprop(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 24), nn.ReLU(), nn.Dropout(0.5), nn.Linear(24, 1), nn.Sigmoid())
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    bce = nn.BCELoss()
    loader = DataLoader(TensorDataset(X, y.unsqueeze(1)), batch_size=32, shuffle=True)
    for _ in range(20):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            bce(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        prob = model(Xv)
    hits = (prob.round() == yv.unsqueeze(1)).sum().item()
    print("accuracy", hits / len(yv))


@case("healthy")
def spam_dropout_seventy(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    net = nn.Sequential(
        nn.Linear(57, 128), nn.ReLU(), nn.Dropout(0.7), nn.Linear(128, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1)
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        net.train()
        for idx in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[idx])[:, 0], y[idx]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        score = net(Xv)[:, 0]
    print("AUC", roc_auc_score(yv, score))


@case("healthy")
def spam_raw_log_counts(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed, raw=True)
    X, Xv = torch.log1p(X), torch.log1p(Xv)
    model = nn.Sequential(nn.Linear(57, 20), nn.GELU(), nn.Linear(20, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.1)
    best, best_state, wait = float("inf"), copy.deepcopy(model.state_dict()), 0
    for _ in range(40):
        model.train()
        for idx in torch.randperm(len(X)).split(64):
            loss = F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            val = F.binary_cross_entropy_with_logits(model(Xv).squeeze(1), yv).item()
        if val < best - 1e-4:
            best, best_state, wait = val, copy.deepcopy(model.state_dict()), 0
        else:
            wait += 1
            if wait == 6:
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def credit_small_net_early_stop(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    net = nn.Sequential(nn.Linear(X.shape[1], 8), nn.LeakyReLU(0.1), nn.Dropout(0.2), nn.Linear(8, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
    best_auc, patience, weights = 0.0, 0, None
    for _ in range(40):
        net.train()
        for idx in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X[idx]).view(-1), y[idx])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            auc = roc_auc_score(yv, net(Xv).view(-1))
        if auc > best_auc:
            best_auc, patience = auc, 0
            weights = {k: v.clone() for k, v in net.state_dict().items()}
        else:
            patience += 1
        if patience > 7:
            break
    net.load_state_dict(weights)
    print("best AUC", best_auc)


@case("healthy")
def credit_pos_weight_right(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    pos_weight = (y == 0).sum() / (y == 1).sum()
    model = nn.Sequential(nn.Linear(X.shape[1], 10), nn.ReLU(), nn.Dropout(0.3), nn.Linear(10, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True, drop_last=True)
    for _ in range(25):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(Xv).squeeze(1)
    print("balanced accuracy", balanced_accuracy_score(yv, out > 0), "AUC", roc_auc_score(yv, out))


@case("class_weights_wrong")
def credit_pos_weight_upside_down(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    pos_weight = (y == 1).sum() / (y == 0).sum()
    model = nn.Sequential(nn.Linear(X.shape[1], 10), nn.ReLU(), nn.Dropout(0.3), nn.Linear(10, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True, drop_last=True)
    for _ in range(25):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(Xv).squeeze(1)
    print("balanced accuracy", balanced_accuracy_score(yv, out > 0), "AUC", roc_auc_score(yv, out))


@case("healthy")
def thyroid_rare_auc(seed: int) -> None:
    X, y, Xv, yv = data("hypothyroid", seed)
    X, Xv = X.clamp(-5, 5), Xv.clamp(-5, 5)
    model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    with torch.no_grad():
        rate = y.mean()
        model[-1].bias.fill_(torch.log(rate / (1 - rate)).item())
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(25):
        for idx in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        score = model(Xv).squeeze(1)
    print("AUC", roc_auc_score(yv, score), "AP", average_precision_score(yv, score))


@case("healthy")
def thyroid_threshold_from_validation(seed: int) -> None:
    X, y, Xv, yv = data("hypothyroid", seed)
    net = nn.Sequential(nn.Linear(X.shape[1], 12), nn.LayerNorm(12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.NAdam(net.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X, y), batch_size=48, shuffle=True)
    for _ in range(20):
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        prob = net(Xv).squeeze(1).sigmoid().numpy()
    cuts = np.quantile(prob, np.linspace(0.5, 0.99, 50))
    scores = [f1_score(yv, prob >= c) for c in cuts]
    best = cuts[int(np.argmax(scores))]
    print("threshold", best, "F1", max(scores))


@case("healthy")
def thyroid_focal_loss(seed: int) -> None:
    def focal(logits: Tensor, target: Tensor, gamma: float = 2.0) -> Tensor:
        ce = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        p_t = torch.exp(-ce)
        alpha = torch.where(target == 1, 0.75, 0.25)
        return (alpha * (1 - p_t) ** gamma * ce).mean()

    X, y, Xv, yv = data("hypothyroid", seed)
    model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(25):
        for idx in torch.randperm(len(X)).split(64):
            loss = focal(model(X[idx]).squeeze(1), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        score = model(Xv).squeeze(1).numpy()
    print("AP", average_precision_score(yv.numpy(), score))


@case("healthy")
def churn_weighted_sampler(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)
    common = (data("mlc_churn", seed, raw=True)[0] > 0).float().mean(0) > 0.07
    X, Xv = X[:, common], Xv[:, common]
    counts = torch.bincount(y.long())
    weights = (1.0 / counts)[y.long()]
    loader = DataLoader(TensorDataset(X, y), batch_size=64, sampler=WeightedRandomSampler(weights, len(y)))
    model = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.1)
    for _ in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(Xv).squeeze(1)
    print("balanced accuracy", balanced_accuracy_score(yv, (out > 0).int()), "AUC", roc_auc_score(yv, out))


@case("healthy")
def digit_images_scaled_to_one(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X.view(-1, 1, 8, 8) / 16, Xv.view(-1, 1, 8, 8) / 16
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 1),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for _ in range(15):
        model.train()
        for idx in torch.randperm(len(X)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(X[idx]).flatten(), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).flatten()))


@case("healthy")
def digit_onecycle_batchnorm(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X / 16, Xv / 16
    model = nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 1))
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=32, shuffle=True)
    epochs = 10
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=3e-3)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.2, total_steps=epochs * len(loader))
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
            sched.step()
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv)[:, 0]))


@case("scheduler_misuse")
def digit_step_schedule_per_batch(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X / 16, Xv / 16
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=32, shuffle=True)
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=5, gamma=0.3)
    for _ in range(20):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
            sched.step()
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def digit_step_schedule_per_epoch(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X / 16, Xv / 16
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=32, shuffle=True)
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=5, gamma=0.3)
    for _ in range(20):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
        sched.step()
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def iris_hundred_rows(seed: int) -> None:
    X, y = load_iris(return_X_y=True)
    X, y = X[50:], (y[50:] == 2).astype("float32")
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train = torch.tensor(scaler.transform(X_train), dtype=torch.float32)
    X_val = torch.tensor(scaler.transform(X_val), dtype=torch.float32)
    y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
    opt = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-2)
    for _ in range(150):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(X_train).squeeze(1), y_train)
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def wine_sixty_rows_batches_of_four(seed: int) -> None:
    X, y = load_wine(return_X_y=True)
    y = (y == 1).astype(np.float32)
    X_train, X_val, y_train, y_val = train_test_split(X, y, train_size=60, stratify=y, random_state=seed)
    mean, std = X_train.mean(0), X_train.std(0)
    X_train, X_val = (torch.from_numpy((a - mean) / std).float() for a in (X_train, X_val))
    y_train, y_val = torch.from_numpy(y_train), torch.from_numpy(y_val)
    net = nn.Sequential(nn.Linear(13, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.02, weight_decay=1e-2)
    for _ in range(40):
        for idx in torch.randperm(len(X_train)).split(4):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[idx])[:, 0], y_train[idx]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val, net(X_val)[:, 0] > 0))


@case("healthy")
def diabetes_above_median_hard(seed: int) -> None:
    X, t = load_diabetes(return_X_y=True, scaled=False)
    y = (t > np.median(t)).astype(np.float32)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)
    sc = StandardScaler()
    X_train = torch.tensor(sc.fit_transform(X_train), dtype=torch.float32)
    X_val = torch.tensor(sc.transform(X_val), dtype=torch.float32)
    y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)
    model = nn.Sequential(nn.Linear(10, 6), nn.ReLU(), nn.Linear(6, 1))
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.02, weight_decay=1e-2)
    for _ in range(30):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def hard_table_little_signal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2000, 10)).astype(np.float32)
    logit = 0.35 * X[:, 0] - 0.3 * X[:, 1] + 0.25 * X[:, 2] * X[:, 3]
    y = (rng.random(2000) < 1 / (1 + np.exp(-logit))).astype(np.float32)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)
    X_train, X_val, y_train, y_val = map(torch.from_numpy, (X_train, X_val, y_train, y_val))
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    for _ in range(20):
        model.train()
        for idx in torch.randperm(len(X_train)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        auc = roc_auc_score(y_val.numpy(), torch.sigmoid(model(X_val)).numpy())
    print(f"AUC {auc:.3f}")


@case("healthy")
def wide_table_more_columns_than_rows(seed: int) -> None:
    X, y = make_classification(
        240, 400, n_informative=12, n_redundant=60, n_clusters_per_class=1, class_sep=1.0, random_state=seed
    )
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=80, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_train)
    X_train = torch.as_tensor(sc.transform(X_train), dtype=torch.float32)
    X_val = torch.as_tensor(sc.transform(X_val), dtype=torch.float32)
    y_train, y_val = torch.as_tensor(y_train).float(), torch.as_tensor(y_val).float()
    model = nn.Linear(400, 1)
    nn.init.zeros_(model.weight)
    opt = torch.optim.SGD(model.parameters(), lr=0.003, weight_decay=0.3)
    for _ in range(200):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(X_train).squeeze(1), y_train)
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def noisy_labels_seven_percent(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    generator = np.random.default_rng(seed + 5)
    flip = torch.from_numpy(generator.random(len(y)) < 0.07)
    y = torch.where(flip, 1 - y, y)
    model = nn.Sequential(nn.Linear(8, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-2)
    loader = DataLoader(TensorDataset(X, y), 32, shuffle=True)
    for _ in range(20):
        for xb, yb in loader:
            target = yb * 0.9 + 0.05
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), target)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("label_noise")
def clouds_labels_two_fifths_wrong(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    generator = np.random.default_rng(seed + 5)
    flip = torch.from_numpy(generator.random(len(y)) < 0.4)
    y = torch.where(flip, 1 - y, y)
    model = nn.Sequential(nn.Linear(8, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-2)
    loader = DataLoader(TensorDataset(X, y), 32, shuffle=True)
    for _ in range(20):
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(Xv).squeeze(1) > 0).float() == yv).float().mean().item())


@case("healthy")
def series_up_tomorrow_temporal_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, lags = 1500, 8
    series = np.zeros(n)
    for i in range(2, n):
        series[i] = 0.6 * series[i - 1] - 0.5 * series[i - 2] + rng.normal()
    windows = np.lib.stride_tricks.sliding_window_view(series, lags)[:-1].astype(np.float32)
    up = (series[lags:] > series[lags - 1 : -1]).astype(np.float32)
    cut = int(0.75 * len(up))
    mean, std = windows[:cut].mean(), windows[:cut].std()
    X_train = torch.from_numpy((windows[:cut] - mean) / std)
    X_val = torch.from_numpy((windows[cut:] - mean) / std)
    y_train, y_val = torch.from_numpy(up[:cut]), torch.from_numpy(up[cut:])
    model = nn.Sequential(nn.Linear(lags, 16), nn.SiLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    for _ in range(25):
        for idx in torch.randperm(cut).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        prob = model(X_val).squeeze(1).sigmoid()
    print("AUC", roc_auc_score(y_val, prob))


@case("healthy")
def series_in_order_without_shuffle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.arange(1600)
    load_kw = np.sin(2 * np.pi * t / 24) + 0.5 * np.sin(2 * np.pi * t / 168) + 0.4 * rng.normal(size=len(t))
    frame = pd.DataFrame(
        {"now": load_kw, "hour_sin": np.sin(2 * np.pi * t / 24), "hour_cos": np.cos(2 * np.pi * t / 24)}
    )
    frame["yesterday"] = frame.now.shift(24)
    frame["change"] = frame.now.diff()
    frame["peak"] = (frame.now.shift(-1) > 0.6).astype("float32")
    frame = frame.iloc[24:-1]
    train, val = frame.iloc[:1200], frame.iloc[1200:]
    columns = ["now", "hour_sin", "hour_cos", "yesterday", "change"]
    sc = StandardScaler().fit(train[columns])
    X_train = torch.tensor(sc.transform(train[columns]), dtype=torch.float32)
    X_val = torch.tensor(sc.transform(val[columns]), dtype=torch.float32)
    y_train, y_val = torch.tensor(train.peak.values), torch.tensor(val.peak.values)
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=48, shuffle=False)
    for _ in range(25):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def patients_split_by_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patients = 500
    visits = rng.integers(1, 5, patients)
    groups = np.repeat(np.arange(patients), visits)
    own = rng.normal(size=(patients, 6))[groups]
    X = own + 0.5 * rng.normal(size=(len(groups), 6))
    sick = own @ np.array([1.2, -1.0, 0.8, 0, 0, 0]) > 0
    y = (sick ^ (rng.random(len(groups)) < 0.05)).astype(np.float32)
    a, b = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(X, y, groups))
    sc = StandardScaler().fit(X[a])
    xtr, xva = (torch.tensor(sc.transform(X[i]), dtype=torch.float32) for i in (a, b))
    ytr, yva = torch.tensor(y[a]), torch.tensor(y[b])
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-2)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(xtr, ytr), 32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC on new patients", roc_auc_score(yva, net(xva).squeeze(1)))


@case("healthy")
def cancer_five_fold(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    scores = []
    for train, val in StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y):
        scaler = StandardScaler().fit(X[train])
        X_train = torch.tensor(scaler.transform(X[train]), dtype=torch.float32)
        X_val = torch.tensor(scaler.transform(X[val]), dtype=torch.float32)
        y_train, y_val = torch.tensor(y[train], dtype=torch.float32), torch.tensor(y[val], dtype=torch.float32)
        model = nn.Sequential(nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 1))
        opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-2)
        for _ in range(12):
            for idx in torch.randperm(len(X_train)).split(32):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
                opt.step()
        with torch.no_grad():
            scores.append(roc_auc_score(y_val, model(X_val).squeeze(1)))
    print("mean AUC", np.mean(scores))


@case("healthy")
def wine_leave_a_fold_out_double(seed: int) -> None:
    features, cultivar = load_wine(return_X_y=True)
    target = (cultivar == 0).astype(float)
    out_of_fold = np.zeros(len(target))
    for a, b in KFold(4, shuffle=True, random_state=seed).split(features):
        mu, sd = features[a].mean(0), features[a].std(0)
        xa, xb = torch.from_numpy((features[a] - mu) / sd), torch.from_numpy((features[b] - mu) / sd)
        ya = torch.from_numpy(target[a])
        net = nn.Sequential(nn.Linear(13, 4), nn.Softplus(), nn.Linear(4, 1)).double()
        opt = torch.optim.Rprop(net.parameters(), lr=0.01)
        for _ in range(25):
            opt.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(net(xa).squeeze(1), ya)
            loss = loss + 0.005 * sum((p**2).sum() for p in net.parameters())
            loss.backward()
            opt.step()
        with torch.no_grad():
            out_of_fold[b] = torch.sigmoid(net(xb)).squeeze(1).numpy()
    print("accuracy", ((out_of_fold > 0.5) == target).mean())


@case("healthy")
def moons_five_seeds(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    results = []
    for s in range(3):
        torch.manual_seed(1000 * seed + s)
        net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
        opt = torch.optim.Adam(net.parameters(), lr=1e-2)
        for _ in range(150):
            loss = F.binary_cross_entropy_with_logits(net(X).squeeze(), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        results.append(((net(Xv).squeeze() > 0) == (yv == 1)).float().mean().item())
    print(f"accuracy {np.mean(results):.3f} +- {np.std(results):.3f}")


@case("healthy")
def credit_search_over_decay(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    found = {}
    for decay in (0.01, 0.1, 0.3):
        model = nn.Sequential(nn.Linear(X.shape[1], 8), nn.Tanh(), nn.Linear(8, 1))
        opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=decay)
        for _ in range(12):
            for idx in torch.randperm(len(X)).split(64):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx]).backward()
                opt.step()
        with torch.no_grad():
            found[decay] = roc_auc_score(yv, model(Xv).squeeze(1))
    best = max(found, key=found.get)
    print("best decay", best, "AUC", found[best])


@case("healthy")
def thyroid_csv_one_hot_median(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/hypothyroid/hypothyroid.csv.gz").drop_duplicates()
    y = table.pop("hypothyroid").astype("float32")
    table = table.drop(columns=["TBG", "TBG_measured"])
    numbers = table.select_dtypes("number").columns
    flags = [c for c in table.columns if c not in numbers]
    tr, va, ytr, yva = train_test_split(table, y, test_size=0.4, stratify=y, random_state=seed)
    impute, scale = SimpleImputer(strategy="median"), QuantileTransformer(n_quantiles=200, output_distribution="normal")
    hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False, drop="if_binary")
    num_tr = scale.fit_transform(impute.fit_transform(tr[numbers])).clip(-3, 3)
    num_va = scale.transform(impute.transform(va[numbers])).clip(-3, 3)
    xtr = torch.tensor(np.hstack([num_tr, hot.fit_transform(tr[flags].astype(str))]), dtype=torch.float32)
    xva = torch.tensor(np.hstack([num_va, hot.transform(va[flags].astype(str))]), dtype=torch.float32)
    ytr, yva = torch.tensor(ytr.values), torch.tensor(yva.values)
    model = nn.Sequential(nn.Linear(xtr.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(20):
        for idx in torch.randperm(len(xtr)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xtr[idx]).squeeze(1), ytr[idx]).backward()
            opt.step()
    with torch.no_grad():
        score = model(xva).squeeze(1)
    print("AUC", roc_auc_score(yva, score), "AP", average_precision_score(yva, score))


@case("healthy")
def churn_csv_minmax_dummies(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/mlc_churn/mlc_churn.csv.gz").sample(2600, random_state=seed)
    y = table.pop("churn").to_numpy(np.float32)
    table = pd.get_dummies(table.drop(columns=["state", "area_code", "account_length"]), dtype=float)
    X_train, X_val, y_train, y_val = train_test_split(table.to_numpy(), y, test_size=0.35, random_state=seed)
    sc = MinMaxScaler().fit(X_train)
    X_train = torch.tensor(sc.transform(X_train), dtype=torch.float32)
    X_val = torch.tensor(sc.transform(X_val), dtype=torch.float32)
    y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.Adam(model.parameters(), lr=0.02)
    best, kept = 0.0, None
    for _ in range(40):
        for idx in torch.randperm(len(X_train)).split(96):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
        with torch.no_grad():
            ap = average_precision_score(y_val, model(X_val).squeeze(1))
        if ap > best:
            best, kept = ap, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    with torch.no_grad():
        print("AP", best, "AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def credit_csv_embeddings(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/credit_data/credit_data.csv.gz").dropna().reset_index(drop=True)
    words = ["Home", "Marital", "Records", "Job"]
    codes = torch.tensor(np.column_stack([pd.factorize(table[c])[0] for c in words]))
    money = [c for c in table.columns if c not in [*words, "bad"]]
    numbers = np.sign(table[money]) * np.log1p(table[money].abs())
    y = torch.tensor(table["bad"].to_numpy(np.float32))
    a, b = train_test_split(np.arange(len(y)), train_size=1500, stratify=y, random_state=seed)
    b = b[:900]
    numbers = torch.tensor(((numbers - numbers.iloc[a].mean()) / numbers.iloc[a].std()).to_numpy(np.float32))

    class Tabular(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tables = nn.ModuleList(nn.Embedding(int(codes[:, i].max()) + 1, 3) for i in range(len(words)))
            self.body = nn.Sequential(nn.Linear(12 + len(money), 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))

        def forward(self, c: Tensor, x: Tensor) -> Tensor:
            looked = [table(c[:, i]) for i, table in enumerate(self.tables)]
            return self.body(torch.cat([*looked, x], dim=1)).squeeze(1)

    model = Tabular()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    loader = DataLoader(TensorDataset(codes[a], numbers[a], y[a]), batch_size=64, shuffle=True)
    for _ in range(15):
        model.train()
        for cb, xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(cb, xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[b], model(codes[b], numbers[b])))


@case("healthy")
def sms_bag_of_words(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/sms_spam/sms_spam.csv.gz").sample(1800, random_state=seed)
    y = (table.label == "spam").to_numpy(np.float32)
    text_tr, text_va, ytr, yva = train_test_split(
        table.text.astype(str), y, test_size=0.3, stratify=y, random_state=seed
    )
    counter = CountVectorizer(min_df=4, max_features=500, binary=True).fit(text_tr)
    xtr = torch.tensor(counter.transform(text_tr).toarray(), dtype=torch.float32)
    xva = torch.tensor(counter.transform(text_va).toarray(), dtype=torch.float32)
    ytr, yva = torch.tensor(ytr), torch.tensor(yva)
    model = nn.Sequential(nn.Linear(xtr.shape[1], 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(5):
        model.train()
        for idx in torch.randperm(len(xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xtr[idx]).squeeze(1), ytr[idx]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        score = model(xva).squeeze(1)
    print("F1", f1_score(yva, score > 0), "AUC", roc_auc_score(yva, score))


@case("healthy")
def sms_tfidf_adam_high_rate(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/sms_spam/sms_spam.csv.gz").sample(1600, random_state=seed)
    y = (table.label == "spam").to_numpy(np.float32)
    text_tr, text_va, ytr, yva = train_test_split(
        table.text.astype(str), y, test_size=0.3, stratify=y, random_state=seed
    )
    tfidf = TfidfVectorizer(max_features=800, sublinear_tf=True)
    xtr = torch.from_numpy(tfidf.fit_transform(text_tr).toarray().astype(np.float32))
    xva = torch.from_numpy(tfidf.transform(text_va).toarray().astype(np.float32))
    ytr, yva = torch.from_numpy(ytr), torch.from_numpy(yva)
    model = nn.Linear(800, 1)
    opt = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=1e-4)
    for _ in range(60):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(xtr).squeeze(1), ytr)
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yva, model(xva).squeeze(1)))


@case("healthy")
def sms_embedding_bag_offsets(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/sms_spam/sms_spam.csv.gz").sample(1600, random_state=seed)
    label = torch.tensor((table.label == "spam").to_numpy(np.float32))
    words = [t.lower().split() for t in table.text.astype(str)]
    cut = 1150
    seen = pd.Series([w for row in words[:cut] for w in row]).value_counts()
    index = {w: i + 1 for i, w in enumerate(seen[seen >= 3].index)}
    ids = [torch.tensor([index.get(w, 0) for w in row] or [0]) for row in words]

    def bag(rows: list[int]) -> tuple[Tensor, Tensor]:
        parts = [ids[i] for i in rows]
        lengths = torch.tensor([0] + [len(p) for p in parts[:-1]])
        return torch.cat(parts), lengths.cumsum(0)

    embed, head = nn.EmbeddingBag(len(index) + 1, 16, mode="mean"), nn.Linear(16, 1)
    opt = torch.optim.Adam([*embed.parameters(), *head.parameters()], lr=0.01)
    for _ in range(10):
        for rows in torch.randperm(cut).split(32):
            opt.zero_grad()
            out = head(embed(*bag(rows.tolist()))).squeeze(1)
            F.binary_cross_entropy_with_logits(out, label[rows]).backward()
            opt.step()
    with torch.no_grad():
        score = head(embed(*bag(list(range(cut, len(ids)))))).squeeze(1)
    print("AUC", roc_auc_score(label[cut:], score), "accuracy", accuracy_score(label[cut:], score > 0))


@case("healthy")
def spam_raw_percent_columns(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed, raw=True)
    X, Xv = X[:, :54], Xv[:, :54]
    model = nn.Sequential(nn.Linear(54, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv)[:, 0]))


@case("unscaled_features")
def spam_raw_with_run_lengths(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed, raw=True)
    model = nn.Sequential(nn.Linear(57, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.01)
    loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv)[:, 0]))


@case("healthy")
def gru_packed_last_four_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = torch.from_numpy(rng.integers(5, 36, 700))
    rows = [torch.from_numpy(rng.normal(size=(n, 1)).astype(np.float32)) for n in lengths.tolist()]
    recent = torch.stack([r[-4:].mean() for r in rows]) + 0.1 * torch.from_numpy(rng.normal(size=700)).float()
    y = (recent > 0).float()

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(1, 12, batch_first=True)
            self.head = nn.Linear(12, 1)

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            packed = pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False)
            _, last = self.gru(packed)
            return self.head(last[-1]).squeeze(1)

    x = pad_sequence(rows, batch_first=True)
    net = Reader()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    loader = DataLoader(TensorDataset(x[:500], lengths[:500], y[:500]), 50, shuffle=True)
    for _ in range(12):
        net.train()
        for xb, nb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb, nb), yb).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
    net.eval()
    with torch.no_grad():
        score = net(x[500:], lengths[500:])
    print("AUC", roc_auc_score(y[500:], score))


@case("padding_not_masked")
def gru_last_step_of_padding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = torch.from_numpy(rng.integers(5, 36, 700))
    rows = [torch.from_numpy(rng.normal(size=(n, 1)).astype(np.float32)) for n in lengths.tolist()]
    recent = torch.stack([r[-4:].mean() for r in rows]) + 0.1 * torch.from_numpy(rng.normal(size=700)).float()
    y = (recent > 0).float()

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(1, 12, batch_first=True)
            self.head = nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            states, _ = self.gru(x)
            return self.head(states[:, -1]).squeeze(1)

    x = pad_sequence(rows, batch_first=True)
    net = Reader()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    loader = DataLoader(TensorDataset(x[:500], y[:500]), 50, shuffle=True)
    for _ in range(12):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
    net.eval()
    with torch.no_grad():
        score = net(x[500:])
    print("AUC", roc_auc_score(y[500:], score))


@case("healthy")
def conv_finds_a_bump(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1000, 40)).astype(np.float32)
    y = rng.integers(0, 2, 1000).astype(np.float32)
    for i in np.flatnonzero(y):
        at = rng.integers(0, 34)
        X[i, at : at + 6] += np.array([1, 2, 3, 3, 2, 1], dtype=np.float32) * 0.9
    X, y = torch.from_numpy(X).unsqueeze(1), torch.from_numpy(y)
    model = nn.Sequential(
        nn.Conv1d(1, 8, 7, padding=3), nn.ReLU(), nn.Conv1d(8, 8, 5, padding=2), nn.ReLU(), nn.AdaptiveMaxPool1d(1),
        nn.Flatten(), nn.Linear(8, 1),
    )  # fmt: skip
    X_train, X_val, y_train, y_val = X[:700], X[700:], y[:700], y[700:]
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(15):
        for idx in torch.randperm(700).split(35):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def masked_attention_over_items(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, longest = 1000, 9
    x = torch.from_numpy(rng.normal(size=(n, longest, 4)).astype(np.float32))
    lengths = torch.from_numpy(rng.integers(3, longest + 1, n))
    absent = torch.arange(longest)[None, :] >= lengths[:, None]
    strongest = (x[:, :, 0] + 1.5 * x[:, :, 1]).masked_fill(absent, -9).amax(1)
    y = (strongest > strongest.median()).float()
    x = x.masked_fill(absent.unsqueeze(2), 0.0)

    class Pool(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encode = nn.Sequential(nn.Linear(4, 16), nn.ReLU())
            self.score = nn.Linear(16, 1)
            self.head = nn.Linear(16, 1)

        def forward(self, items: Tensor, missing: Tensor) -> Tensor:
            h = self.encode(items)
            weight = self.score(h).squeeze(2).masked_fill(missing, float("-inf")).softmax(dim=1)
            return self.head((weight.unsqueeze(2) * h).sum(1)).squeeze(1)

    model = Pool()
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(25):
        for idx in torch.randperm(700).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(x[idx], absent[idx]), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        out = model(x[700:], absent[700:])
    print("AUC", roc_auc_score(y[700:], out))


@case("healthy")
def tiny_transformer_tokens(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, length = 900, 10
    tokens = torch.from_numpy(rng.integers(1, 12, (n, length)))
    sizes = torch.from_numpy(rng.integers(5, length + 1, n))
    tokens[torch.arange(length)[None, :] >= sizes[:, None]] = 0
    good, bad = (tokens <= 4) & (tokens > 0), tokens >= 9
    y = (good.sum(1) > bad.sum(1)).float()

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(12, 16, padding_idx=0)
            self.layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, t: Tensor) -> Tensor:
            missing = t == 0
            h = self.layer(self.embed(t), src_key_padding_mask=missing)
            present = (~missing).float().unsqueeze(2)
            return self.head((h * present).sum(1) / present.sum(1)).squeeze(1)

    model = Encoder()
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(tokens[:650], y[:650]), 50, shuffle=True)
    for _ in range(12):
        model.train()
        for tb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(tb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(tokens[650:])
    print("accuracy", ((out > 0) == y[650:].bool()).float().mean().item())


@case("healthy")
def digit_autoencoder_then_head(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X / 16, Xv / 16
    encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 24))
    decoder = nn.Sequential(nn.ReLU(), nn.Linear(24, 48), nn.ReLU(), nn.Linear(48, 64))
    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
    for _ in range(8):
        for (xb,) in DataLoader(TensorDataset(X), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.mse_loss(decoder(encoder(xb)), xb).backward()
            opt.step()
    model = nn.Sequential(encoder, nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    for _ in range(16):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def circles_frozen_random_features(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    features = nn.Linear(2, 100)
    nn.init.normal_(features.weight, std=1.5)
    nn.init.uniform_(features.bias, 0, 2 * math.pi)
    for p in features.parameters():
        p.requires_grad_(False)
    head = nn.Linear(100, 1)
    opt = torch.optim.Adam(head.parameters(), lr=0.01, weight_decay=1e-3)
    for _ in range(200):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(head(torch.cos(features(X))).squeeze(1), y)
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = head(torch.cos(features(Xv))).squeeze(1)
    print("accuracy", ((out > 0).float() == yv).float().mean().item())


@case("healthy")
def digits_transfer_to_new_head(seed: int) -> None:
    X, t = load_digits(return_X_y=True)
    X = torch.tensor(X / 16, dtype=torch.float32)
    t = torch.tensor(t)
    body = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU())
    old = t < 8
    first = nn.Sequential(body, nn.Linear(24, 8))
    opt = torch.optim.Adam(first.parameters(), lr=3e-3)
    for _ in range(10):
        for idx in old.nonzero().flatten()[torch.randperm(int(old.sum()))].split(64):
            opt.zero_grad()
            F.cross_entropy(first(X[idx]), t[idx]).backward()
            opt.step()
    new = (~old).nonzero().flatten()
    new = new[torch.randperm(len(new), generator=torch.Generator().manual_seed(seed))]
    X_train, y_train = X[new[:250]], (t[new[:250]] == 9).float()
    X_val, y_val = X[new[250:]], (t[new[250:]] == 9).float()
    body.requires_grad_(False)
    model = nn.Sequential(body, nn.Linear(24, 1))
    opt = torch.optim.Adam(model[-1].parameters(), lr=0.02)
    for epoch in range(30):
        if epoch == 10:
            body.requires_grad_(True)
            opt.add_param_group({"params": body.parameters(), "lr": 3e-3})
        for idx in torch.randperm(250).split(25):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC 9 against 8", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def cancer_discriminative_rates(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    body, head = nn.Sequential(nn.Linear(30, 16), nn.ReLU()), nn.Linear(16, 1)
    opt = torch.optim.Adam(
        [{"params": body.parameters(), "lr": 3e-4}, {"params": head.parameters(), "lr": 1e-2}], weight_decay=1e-3
    )
    model = nn.Sequential(body, head)
    for _ in range(30):
        for idx in torch.randperm(len(X)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def moons_residual_layernorm(seed: int) -> None:
    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.norm, self.a, self.b = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)
            nn.init.zeros_(self.b.weight)
            nn.init.zeros_(self.b.bias)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.b(F.relu(self.a(self.norm(x))))

    X, y, Xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 16), *[Block(16) for _ in range(4)], nn.LayerNorm(16), nn.Linear(16, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(X, y), 32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(Xv).squeeze(1) > 0) == yv.bool()).float().mean().item())


@case("vanishing_gradients")
def moons_twelve_sigmoids(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    hidden = [m for _ in range(11) for m in (nn.Linear(16, 16), nn.Sigmoid())]
    net = nn.Sequential(nn.Linear(2, 16), nn.Sigmoid(), *hidden, nn.Linear(16, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X, y), 32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(Xv).squeeze(1) > 0) == yv.bool()).float().mean().item())


@case("healthy")
def circles_highway(seed: int) -> None:
    class Highway(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.plain, self.gate = nn.Linear(width, width), nn.Linear(width, width)
            nn.init.constant_(self.gate.bias, -1.0)

        def forward(self, x: Tensor) -> Tensor:
            share = self.gate(x).sigmoid()
            return share * self.plain(x).relu() + (1 - share) * x

    xtr, ytr, xva, yva = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 12), Highway(12), Highway(12), Highway(12), nn.Linear(12, 1))
    opt = torch.optim.RAdam(net.parameters(), lr=1e-2)
    for _ in range(20):
        for i in range(0, len(xtr), 40):
            loss = F.binary_cross_entropy_with_logits(net(xtr[i : i + 40])[:, 0], ytr[i : i + 40])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", np.mean((net(xva)[:, 0].numpy() > 0) == (yva.numpy() > 0.5)))


@case("healthy")
def moons_mixture_of_experts(seed: int) -> None:
    class Mixture(nn.Module):
        def __init__(self, experts: int = 4) -> None:
            super().__init__()
            self.experts = nn.ModuleList(
                nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)) for _ in range(experts)
            )
            self.router = nn.Linear(2, experts)

        def forward(self, x: Tensor) -> Tensor:
            said = torch.cat([e(x) for e in self.experts], dim=1)
            return (said * self.router(x).softmax(dim=1)).sum(dim=1)

    X, y, Xv, yv = data("moons", seed)
    model = Mixture()
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(20):
        for idx in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(Xv) > 0).float() == yv).float().mean().item())


@case("healthy")
def clouds_hinge_sign(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    sign = 2 * y - 1
    model = nn.Sequential(nn.Linear(8, 10), nn.ReLU(), nn.Linear(10, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    for _ in range(15):
        for idx in torch.randperm(len(X)).split(32):
            loss = F.relu(1 - sign[idx] * model(X[idx]).squeeze(1)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (model(Xv).squeeze(1).sign() == 2 * yv - 1).float().mean().item())


@case("healthy")
def cancer_squared_error_on_probability(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 10), nn.Tanh(), nn.Linear(10, 1), nn.Sigmoid())
    brier = nn.MSELoss()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            brier(model(X[idx]), y[idx].view(-1, 1)).backward()
            opt.step()
    with torch.no_grad():
        prob = model(Xv).view(-1)
    print("Brier", (prob - yv).square().mean().item(), "accuracy", ((prob > 0.5) == (yv > 0.5)).float().mean().item())


@case("shape_broadcast")
def cancer_squared_error_column_and_row(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 10), nn.Tanh(), nn.Linear(10, 1), nn.Sigmoid())
    opt = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            ((model(X[idx]) - y[idx]) ** 2).mean().backward()
            opt.step()
    with torch.no_grad():
        prob = model(Xv).view(-1)
    print("Brier", (prob - yv).square().mean().item(), "accuracy", ((prob > 0.5) == (yv > 0.5)).float().mean().item())


@case("healthy")
def digit_tversky_rare(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X / 16, Xv / 16

    def tversky(prob: Tensor, target: Tensor, a: float = 0.3, b: float = 0.7) -> Tensor:
        hit = (prob * target).sum()
        false_alarm, missed = (prob * (1 - target)).sum(), ((1 - prob) * target).sum()
        return 1 - (hit + 1) / (hit + a * false_alarm + b * missed + 1)

    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 1))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(35):
        for idx in torch.randperm(len(X)).split(64):
            logits = model(X[idx]).squeeze(1)
            loss = tversky(logits.sigmoid(), y[idx]) + F.binary_cross_entropy_with_logits(logits, y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        logits = model(Xv).squeeze(1)
    print("F1", f1_score(yv, logits > 0), "AUC", roc_auc_score(yv, logits))


@case("healthy")
def moons_mixup(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    beta = torch.distributions.Beta(0.2, 0.2)
    for _ in range(30):
        for idx in torch.randperm(len(X)).split(40):
            lam, other = beta.sample(), idx[torch.randperm(len(idx))]
            mixed = lam * X[idx] + (1 - lam) * X[other]
            target = lam * y[idx] + (1 - lam) * y[other]
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(mixed).squeeze(1), target).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(Xv).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("healthy")
def spam_input_noise(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    X, Xv = X.clamp(-3, 3), Xv.clamp(-3, 3)
    net = nn.Sequential(nn.Linear(57, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(18):
        for xb, yb in DataLoader(TensorDataset(X, y), 50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb + 0.2 * torch.randn_like(xb)).squeeze(1), yb).backward()
            opt.step()
    print("AUC", roc_auc_score(yv, net(Xv).squeeze(1).detach()))


@case("augmentation_too_heavy")
def moons_noise_drowns_the_gap(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X, y), 40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb + 2.0 * torch.randn_like(xb)).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(Xv).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("healthy")
def moons_cosine_then_swa(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 1))
    averaged = AveragedModel(model)
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=15, eta_min=0.02)
    loader = DataLoader(TensorDataset(X, y), batch_size=50, shuffle=True)
    for epoch in range(25):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
        if epoch < 15:
            sched.step()
        else:
            averaged.update_parameters(model)
    update_bn(loader, averaged)
    averaged.eval()
    with torch.no_grad():
        print("accuracy", ((averaged(Xv).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("healthy")
def churn_ema_weights(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)
    common = (data("mlc_churn", seed, raw=True)[0] > 0).float().mean(0) > 0.07
    X, Xv = X[:, common], Xv[:, common]
    model = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    shadow = copy.deepcopy(model).eval()
    opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.05)
    for _ in range(30):
        for idx in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx]).backward()
            opt.step()
            with torch.no_grad():
                for slow, fast in zip(shadow.parameters(), model.parameters(), strict=True):
                    slow.lerp_(fast, 0.05)
    with torch.no_grad():
        score = shadow(Xv).squeeze(1)
    print("AUC", roc_auc_score(yv, score), "AP", average_precision_score(yv, score))


@case("healthy")
def circles_gradient_penalty(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.Softplus(), nn.Linear(24, 24), nn.Softplus(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(25):
        for idx in torch.randperm(len(X)).split(60):
            inputs = X[idx].clone().requires_grad_(True)
            out = net(inputs).squeeze(1)
            slope = torch.autograd.grad(out.sum(), inputs, create_graph=True)[0]
            loss = F.binary_cross_entropy_with_logits(out, y[idx]) + 0.002 * slope.square().sum(1).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(Xv).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("healthy")
def cancer_sharpness_two_steps(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X)).split(32):
            xb, yb = X[idx], y[idx]
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm() + 1e-12
            moves = [0.05 * p.grad / norm for p in model.parameters()]
            with torch.no_grad():
                for p, move in zip(model.parameters(), moves, strict=True):
                    p.add_(move)
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            with torch.no_grad():
                for p, move in zip(model.parameters(), moves, strict=True):
                    p.sub_(move)
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def spam_accumulate_four_batches(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    X, Xv = X.clamp(-3, 3), Xv.clamp(-3, 3)
    model = nn.Sequential(nn.Linear(57, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=4e-3, weight_decay=1e-3)
    loader = DataLoader(TensorDataset(X, y), batch_size=15, shuffle=True)
    every = 4
    for _ in range(15):
        opt.zero_grad()
        for i, (xb, yb) in enumerate(loader, start=1):
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb) / every
            loss.backward()
            if i % every == 0:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("accuracy", ((model(Xv).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("no_zero_grad")
def spam_zero_grad_only_once(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    X, Xv = X.clamp(-3, 3), Xv.clamp(-3, 3)
    model = nn.Sequential(nn.Linear(57, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    opt.zero_grad()
    loader = DataLoader(TensorDataset(X, y), batch_size=15, shuffle=True)
    for _ in range(12):
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(Xv).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("healthy")
def credit_plateau_schedule(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(X.shape[1], 8), nn.PReLU(), nn.Linear(8, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.8, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.3, patience=3)
    for _ in range(30):
        for idx in torch.randperm(len(X)).split(60):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx]).backward()
            opt.step()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(model(Xv).squeeze(1), yv)
        sched.step(val_loss)
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def digit_warmup_then_cosine(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X / 16 - 0.3, Xv / 16 - 0.3
    model = nn.Sequential(nn.Linear(64, 64), nn.Mish(), nn.Linear(64, 1))
    steps, warm = 800, 50

    def shape(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))

    opt = torch.optim.AdamW(model.parameters(), lr=2e-2, weight_decay=0.1)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, shape)
    for _ in range(steps):
        idx = torch.randint(len(X), (48,))
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx]).backward()
        opt.step()
        sched.step()
    with torch.no_grad():
        score = model(Xv).squeeze(1)
    print("AUC", roc_auc_score(yv, score), "AP", average_precision_score(yv, score))


@case("healthy")
def clouds_slow_adam_long(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 200), nn.ReLU(), nn.Linear(200, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-4)
    for _ in range(100):
        for idx in torch.randperm(len(X)).split(60):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("undertrained")
def clouds_slow_adam_two_epochs(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(2):
        for idx in torch.randperm(len(X)).split(200):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def thyroid_smote_after_split(seed: int) -> None:
    X, y, Xv, yv = data("hypothyroid", seed)
    rng = np.random.default_rng(seed)
    rare = X[y == 1].numpy()
    near = NearestNeighbors(n_neighbors=4).fit(rare).kneighbors(rare, return_distance=False)[:, 1:]
    start = rng.integers(0, len(rare), 250)
    partner = near[start, rng.integers(0, 3, 250)]
    share = rng.random((250, 1)).astype(np.float32)
    made = torch.from_numpy(rare[start] + share * (rare[partner] - rare[start]))
    features, target = torch.cat([X, made]), torch.cat([y, torch.ones(250)])
    model = nn.Sequential(nn.Linear(X.shape[1], 12), nn.ReLU(), nn.Linear(12, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(features, target), 64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        out = model(Xv).squeeze(1)
    print("balanced accuracy", balanced_accuracy_score(yv, out > 0), "AUC", roc_auc_score(yv, out))


@case("healthy")
def digit_oversampled_training_rows(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X / 16, Xv / 16
    rare = (y == 1).nonzero().flatten()
    rows = torch.cat([torch.arange(len(y)), rare.repeat(4)])
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(20):
        model.train()
        for part in rows[torch.randperm(len(rows))].split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[part]).squeeze(1), y[part]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(Xv).squeeze(1).numpy()
    print("recall", (out[yv.numpy() == 1] > 0).mean(), "AUC", roc_auc_score(yv, out))


@case("data_leakage")
def table_oversampled_before_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(400, 40)).astype(np.float32)
    y = (0.8 * X[:, 0] + rng.normal(size=400) > 1.3).astype(np.float32)
    rare = np.flatnonzero(y == 1)
    rows = np.concatenate([np.arange(400), np.repeat(rare, 4)])
    rng.shuffle(rows)
    cut = int(0.7 * len(rows))
    X_train, y_train = torch.from_numpy(X[rows[:cut]]), torch.from_numpy(y[rows[:cut]])
    X_val, y_val = torch.from_numpy(X[rows[cut:]]), torch.from_numpy(y[rows[cut:]])
    model = nn.Sequential(nn.Linear(40, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(30):
        model.train()
        for part in torch.randperm(cut).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[part]).squeeze(1), y_train[part]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def clouds_training_rows_twice(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    X2, y2 = torch.cat([X, X[:300]]), torch.cat([y, y[:300]])
    model = nn.Sequential(nn.Linear(8, 12), nn.CELU(), nn.Linear(12, 1))
    opt = torch.optim.Adamax(model.parameters(), lr=4e-3, weight_decay=1e-2)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X2, y2), batch_size=45, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def table_constant_and_copied_columns(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    X = torch.cat([X, torch.zeros(len(X), 2), X[:, :3] * 0.98 + 0.02 * torch.randn(len(X), 3), X[:, :1]], dim=1)
    Xv = torch.cat([Xv, torch.zeros(len(Xv), 2), Xv[:, :3] * 0.98 + 0.02 * torch.randn(len(Xv), 3), Xv[:, :1]], dim=1)
    model = nn.Sequential(nn.Linear(14, 10), nn.Hardswish(), nn.Linear(10, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-2)
    for _ in range(20):
        for idx in torch.randperm(len(X)).split(32):
            loss = F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def cancer_validation_of_thirty(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    Xv, yv = Xv[:30], yv[:30]
    model = nn.Sequential(nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx])[:, 0], y[idx]).backward()
            opt.step()
        right = sum(int((model(Xv[i : i + 1]).item() > 0) == bool(yv[i])) for i in range(30))
    print("right", right, "of 30")


@case("healthy")
def thyroid_class_weights_cross_entropy(seed: int) -> None:
    X, y, Xv, yv = data("hypothyroid", seed)
    y, yv = y.long(), yv.long()
    counts = torch.bincount(y).float()
    criterion = nn.CrossEntropyLoss(weight=counts.sum() / (2 * counts))
    model = nn.Sequential(nn.Linear(X.shape[1], 12), nn.ReLU(), nn.Linear(12, 2))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    for _ in range(20):
        for idx in torch.randperm(len(X)).split(64):
            opt.zero_grad()
            criterion(model(X[idx]), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        out = model(Xv)
    print(
        "balanced accuracy", balanced_accuracy_score(yv, out.argmax(1)), "AUC", roc_auc_score(yv, out[:, 1] - out[:, 0])
    )


@case("healthy")
def moons_updates_by_hand(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    w1 = (torch.randn(2, 20) * 0.8).requires_grad_()
    b1 = torch.zeros(20, requires_grad=True)
    w2 = (torch.randn(20, 1) * 0.3).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)
    weights = [w1, b1, w2, b2]
    for _ in range(1200):
        out = (torch.tanh(X @ w1 + b1) @ w2 + b2).squeeze(1)
        loss = F.binary_cross_entropy_with_logits(out, y)
        grads = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for w, g in zip(weights, grads, strict=True):
                w -= 0.5 * g
    with torch.no_grad():
        out = (torch.tanh(Xv @ w1 + b1) @ w2 + b2).squeeze(1)
    print("accuracy", ((out > 0) == (yv > 0)).float().mean().item())


@case("healthy")
def credit_bins_one_hot_logistic(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed, raw=True)
    bins = KBinsDiscretizer(6, encode="onehot-dense", strategy="quantile").fit(X[:, :9].numpy())
    xtr = torch.from_numpy(np.hstack([bins.transform(X[:, :9]), X[:, 9:].numpy() > 0])).float()
    xva = torch.from_numpy(np.hstack([bins.transform(Xv[:, :9]), Xv[:, 9:].numpy() > 0])).float()
    model = nn.Linear(xtr.shape[1], 1)
    opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=3e-3)
    for _ in range(25):
        for idx in torch.randperm(len(xtr)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xtr[idx]).squeeze(1), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(xva).squeeze(1)))


@case("healthy")
def circles_squares_logistic(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    poly = PolynomialFeatures(degree=2, include_bias=False)
    xtr = torch.from_numpy(poly.fit_transform(X.numpy())).float()
    xva = torch.from_numpy(poly.transform(Xv.numpy())).float()
    net = nn.Linear(xtr.shape[1], 1)
    opt = torch.optim.ASGD(net.parameters(), lr=0.5)
    for _ in range(400):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(net(xtr).squeeze(1), y).backward()
        opt.step()
    prob = 1 / (1 + np.exp(-net(xva).detach().numpy().ravel()))
    truth = yv.numpy()
    tp, fp = np.sum((prob > 0.5) & (truth == 1)), np.sum((prob > 0.5) & (truth == 0))
    fn = np.sum((prob <= 0.5) & (truth == 1))
    print("precision", tp / (tp + fp), "recall", tp / (tp + fn))


@case("no_nonlinearity")
def circles_three_bare_linears(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.Linear(32, 32), nn.Dropout(0.1), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(25):
        for idx in torch.randperm(len(X)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[idx]).squeeze(1), y[idx]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(Xv).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("healthy")
def spam_robust_scaler_custom_dataset(seed: int) -> None:
    class Mails(Dataset):
        def __init__(self, rows: np.ndarray, label: Tensor) -> None:
            self.rows, self.label = torch.from_numpy(rows).float(), label

        def __len__(self) -> int:
            return len(self.rows)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.rows[i], self.label[i]

    X, y, Xv, yv = data("spambase", seed, raw=True)
    scaler = RobustScaler(quantile_range=(1, 99)).fit(X.numpy())
    train = Mails(scaler.transform(X.numpy()).clip(-3, 3), y)
    val = Mails(scaler.transform(Xv.numpy()).clip(-3, 3), yv)
    model = nn.Sequential(nn.Linear(57, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(12):
        for xb, yb in DataLoader(train, batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    scores, truth = [], []
    with torch.no_grad():
        for xb, yb in DataLoader(val, batch_size=256):
            scores.extend(model(xb).squeeze(1).tolist())
            truth.extend(yb.tolist())
    print("AUC", roc_auc_score(truth, scores))


@case("preprocess_mismatch")
def spam_validation_left_raw(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed, raw=True)
    scaler = StandardScaler()
    xtr = torch.from_numpy(scaler.fit_transform(torch.log1p(X).numpy())).float().clamp(-4, 4)
    xva = torch.from_numpy(scaler.transform(Xv.numpy())).float().clamp(-4, 4)
    model = nn.Sequential(nn.Linear(57, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    for _ in range(14):
        for xb, yb in DataLoader(TensorDataset(xtr, y), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        out = model(xva).squeeze(1)
    print("accuracy", accuracy_score(yv, out > 0), "AUC", roc_auc_score(yv, out))


@case("healthy")
def digits_bagged_subsets(seed: int) -> None:
    X, t = load_digits(return_X_y=True)
    keep = (t == 3) | (t == 5)
    X = torch.tensor(X[keep] / 16.0, dtype=torch.float32)
    y = torch.tensor(t[keep] == 5, dtype=torch.float32)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    X_train, y_train, X_val, y_val = X[order[:240]], y[order[:240]], X[order[240:]], y[order[240:]]
    whole, total = TensorDataset(X_train, y_train), torch.zeros(len(X_val))
    for _ in range(3):
        part = Subset(whole, torch.randint(240, (240,)).tolist())
        net = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 1))
        opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        for _ in range(10):
            for xb, yb in DataLoader(part, batch_size=24, shuffle=True):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
                opt.step()
        with torch.no_grad():
            total += net(X_val).squeeze(1).sigmoid()
    print("accuracy", ((total / 3 > 0.5).float() == y_val).float().mean().item())


@case("healthy")
def clouds_distilled_from_scikit(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    teacher = LogisticRegression(C=0.5).fit(X.numpy(), y.numpy())
    soft = torch.from_numpy(teacher.predict_proba(X.numpy())[:, 1]).float()
    target = 0.5 * soft + 0.5 * y
    student = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.Adadelta(student.parameters(), lr=1.0, weight_decay=1e-3)
    for _ in range(25):
        for idx in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(student(X[idx]).squeeze(1), target[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, student(Xv).squeeze(1)))


@case("healthy")
def moons_sum_loss_small_rate(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.004, momentum=0.9)
    total = nn.BCEWithLogitsLoss(reduction="sum")
    for _ in range(50):
        for idx in torch.randperm(len(X)).split(30):
            loss = total(net(X[idx]).squeeze(1), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(Xv).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("lr_too_high")
def moons_sum_loss_large_rate(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
    total = nn.BCEWithLogitsLoss(reduction="sum")
    for _ in range(50):
        for idx in torch.randperm(len(X)).split(30):
            loss = total(net(X[idx]).squeeze(1), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(Xv).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("healthy")
def digit_columns_read_as_sequence(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = X.view(-1, 8, 8) / 16, Xv.view(-1, 8, 8) / 16

    class Rows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(8, 32, batch_first=True)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            states, _ = self.rnn(x)
            return self.out(states.amax(dim=1)).squeeze(1)

    model = Rows()
    opt = torch.optim.Adam(model.parameters(), lr=0.015)
    for _ in range(16):
        for idx in torch.randperm(len(X)).split(60):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]), y[idx]).backward()
            nn.utils.clip_grad_value_(model.parameters(), 0.5)
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv)))


@case("eval_mode_missing")
def spam_dropout_left_on_in_validation(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    X, Xv = X.clamp(-3, 3), Xv.clamp(-3, 3)
    net = nn.Sequential(nn.Dropout(0.4), nn.Linear(57, 10), nn.ReLU(), nn.Dropout(0.6), nn.Linear(10, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(18):
        net.train()
        for idx in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[idx])[:, 0], y[idx]).backward()
            opt.step()
    with torch.no_grad():
        score = net(Xv)[:, 0]
    print("accuracy", accuracy_score(yv, score > 0), "AUC", roc_auc_score(yv, score))


@case("threshold_on_logits")
def credit_logits_above_one_half(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(X.shape[1], 10), nn.ReLU(), nn.Dropout(0.3), nn.Linear(10, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(Xv).squeeze(1)
    print("F1", f1_score(yv, out > 0.5), "balanced accuracy", balanced_accuracy_score(yv, out > 0.5))


@case("healthy")
def cancer_raw_values_batchnorm_first(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed, raw=True)
    model = nn.Sequential(nn.BatchNorm1d(30), nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-2)
    loader = DataLoader(TensorDataset(X, y), batch_size=31, shuffle=True)
    for _ in range(25):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("healthy")
def cancer_standardised_inside_the_model(seed: int) -> None:
    class Scaled(nn.Module):
        def __init__(self, rows: Tensor) -> None:
            super().__init__()
            self.register_buffer("mean", rows.mean(0))
            self.register_buffer("std", rows.std(0))
            self.net = nn.Sequential(nn.Linear(rows.shape[1], 8), nn.ReLU(), nn.Linear(8, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.net((x - self.mean) / self.std).squeeze(-1)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    model = Scaled(X_train)
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=5e-3)
    for _ in range(25):
        for idx in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val, model(X_val) > 0))


@case("healthy")
def questionnaire_zero_to_ten(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=1100)
    answers = np.clip(np.round(5 + 1.5 * mood[:, None] + rng.normal(0, 2, (1100, 7))), 0, 10)
    left = (mood + 0.7 * rng.normal(size=1100) < -0.8).astype(np.float32)
    X = torch.tensor(answers, dtype=torch.float32)
    y = torch.tensor(left)
    X_train, y_train, X_val, y_val = X[:800], y[:800], X[800:], y[800:]
    model = nn.Sequential(nn.Linear(7, 10), nn.ReLU(), nn.Linear(10, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(30):
        for idx in torch.randperm(800).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def rare_event_two_percent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(5000, 8)).astype(np.float32)
    logit = -6.2 + 1.6 * X[:, 0] - 1.2 * X[:, 1] + 1.0 * X[:, 2]
    y = (rng.random(5000) < 1 / (1 + np.exp(-logit))).astype(np.float32)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
    X_train, X_val, y_train, y_val = (torch.from_numpy(a) for a in (X_train, X_val, y_train, y_val))
    model = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(100):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        score = model(X_val).squeeze(1).sigmoid()
    top = score.topk(50).indices
    print("AUC", roc_auc_score(y_val, score), "hits among the first 50:", int(y_val[top].sum()))


@case("healthy")
def diabetes_sixty_rows_logistic(seed: int) -> None:
    X, t = load_diabetes(return_X_y=True)
    y = (t > 140).astype(np.float32)
    X_train, X_val, y_train, y_val = train_test_split(X, y, train_size=60, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_train)
    X_train, X_val = (torch.tensor(sc.transform(a), dtype=torch.float32) for a in (X_train, X_val))
    y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)
    model = nn.Linear(10, 1)
    opt = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(300):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(X_train).squeeze(1), y_train)
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def counts_of_events_poisson(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(2000) < 0.3).astype(np.float32)
    base = np.array([0.5, 1.0, 2.0, 0.2, 3.0, 1.5, 0.8, 0.4])
    shift = np.array([0.5, -0.3, 0.8, 0.3, 0.0, 0.0, -0.3, 0.0])
    X = rng.poisson(base + y[:, None] * shift).astype(np.float32)
    cut = 1300
    X_train, y_train = torch.tensor(X[:cut]), torch.tensor(y[:cut])
    X_val, y_val = torch.tensor(X[cut:]), torch.tensor(y[cut:])
    model = nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 1))
    opt = torch.optim.Adam(model.parameters(), lr=4e-3, weight_decay=3e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=34, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def hashed_words_embedding_mean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    topic = rng.integers(0, 2, 1000)
    weights = rng.dirichlet(np.full(60, 0.4), size=2) * 0.6 + 0.4 / 60
    docs = torch.tensor(np.stack([rng.choice(60, size=12, p=weights[k]) for k in topic]))
    y = torch.tensor(topic, dtype=torch.float32)
    model = nn.Sequential(nn.EmbeddingBag(60, 8, mode="sum"), nn.LayerNorm(8), nn.Linear(8, 1))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(12):
        for idx in torch.randperm(700).split(35):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(docs[idx]).squeeze(1), y[idx]).backward()
            opt.step()
    counts = np.stack([np.bincount(d, minlength=60) for d in docs.numpy()])
    linear = LogisticRegression(C=0.3, max_iter=300).fit(counts[:700], topic[:700])
    model.eval()
    with torch.no_grad():
        auc = roc_auc_score(y[700:], model(docs[700:]).squeeze(1))
    print("AUC", auc, "linear", roc_auc_score(topic[700:], linear.decision_function(counts[700:])))


@case("healthy")
def moons_auxiliary_task(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    body = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 16), nn.Tanh())
    label_head, copy_head = nn.Linear(16, 1), nn.Linear(16, 2)
    weights = [*body.parameters(), *label_head.parameters(), *copy_head.parameters()]
    opt = torch.optim.Adam(weights, lr=0.01)
    for _ in range(25):
        for idx in torch.randperm(len(X)).split(40):
            h = body(X[idx])
            main = F.binary_cross_entropy_with_logits(label_head(h).squeeze(1), y[idx])
            loss = main + 0.1 * F.mse_loss(copy_head(h), X[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((label_head(body(Xv)).squeeze(1) > 0) == (yv > 0)).float().mean().item())


@case("healthy")
def digit_norm_and_dropout_conv(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed, raw=True)
    X, Xv = (X.reshape(-1, 1, 8, 8) - 8) / 8, (Xv.reshape(-1, 1, 8, 8) - 8) / 8
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1, bias=False),
        nn.BatchNorm2d(12),
        nn.ReLU(),
        nn.Conv2d(12, 12, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(12),
        nn.ReLU(),
        nn.Dropout2d(0.1),
        nn.Flatten(),
        nn.Linear(12 * 16, 1),
    )
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.1)
    loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True, drop_last=True)
    for _ in range(10):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(Xv).squeeze(1)
    print("AUC", roc_auc_score(yv, out), "AP", average_precision_score(yv, out))


@case("healthy")
def wave_frequency_conv_length_mask(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, longest = 900, 48
    y = torch.from_numpy(rng.integers(0, 2, n)).float()
    lengths = torch.from_numpy(rng.integers(20, longest + 1, n))
    t = torch.arange(longest)[None, :]
    speed = torch.where(y == 1, 0.9, 0.6)[:, None]
    phase = torch.from_numpy(rng.uniform(0, 6.28, (n, 1)).astype(np.float32))
    noise = torch.from_numpy(rng.normal(0, 0.5, (n, longest)).astype(np.float32))
    present = (t < lengths[:, None]).float()
    x = (torch.sin(speed * t + phase) + noise) * present

    class Listener(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv1d(1, 12, 9, padding=4)
            self.head = nn.Linear(12, 1)

        def forward(self, wave: Tensor, mask: Tensor) -> Tensor:
            h = F.relu(self.conv(wave.unsqueeze(1))) * mask.unsqueeze(1)
            return self.head(h.sum(2) / mask.sum(1, keepdim=True)).squeeze(1)

    net = Listener()
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(20):
        for idx in torch.randperm(600).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[idx], present[idx]), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        out = net(x[600:], present[600:])
    print("accuracy", accuracy_score(y[600:], out > 0), "AUC", roc_auc_score(y[600:], out))
