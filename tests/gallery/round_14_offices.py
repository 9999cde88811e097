"""Training scripts of offices, labs and classrooms, each with one fault."""

import copy
import itertools
import math
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from imblearn.over_sampling import SMOTE
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    classification_report,
    f1_score,
    log_loss,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


@case("double_sigmoid")
def churn_loss_taken_from_a_registry(seed: int) -> None:
    @dataclass
    class Settings:
        hidden: tuple = (48, 24)
        loss: str = "bce_stable"
        lr: float = 2e-3
        epochs: int = 40
        batch: int = 64

    registry = {"bce": nn.BCELoss, "bce_stable": nn.BCEWithLogitsLoss, "mse": nn.MSELoss}
    cfg = Settings()
    torch.manual_seed(seed)
    source = load("mlc_churn")
    frame = source.features.drop(columns=["state", "area_code"])
    frame = pd.get_dummies(frame, drop_first=True).astype("float32")
    tr, va, ytr, yva = train_test_split(
        frame.to_numpy(), source.labels.astype("float32"), test_size=0.3, stratify=source.labels, random_state=seed
    )
    scaler = StandardScaler().fit(tr)
    tr, va = (torch.from_numpy(scaler.transform(part)) for part in (tr, va))

    class RiskNet(nn.Module):
        def __init__(self, width_in, hidden):
            super().__init__()
            sizes = [width_in, *hidden]
            self.body = nn.Sequential(*[m for a, b in itertools.pairwise(sizes) for m in (nn.Linear(a, b), nn.ReLU())])
            self.risk = nn.Linear(hidden[-1], 1)

        def forward(self, x):
            return self.risk(self.body(x)).squeeze(1).sigmoid()

    net = RiskNet(tr.shape[1], cfg.hidden)
    criterion = registry[cfg.loss]()
    optimizer = torch.optim.AdamW(net.parameters(), lr=cfg.lr, weight_decay=1e-2)
    loader = DataLoader(TensorDataset(tr, torch.from_numpy(ytr)), batch_size=cfg.batch, shuffle=True)
    for epoch in range(cfg.epochs):
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {total / len(tr):.4f}")
    with torch.no_grad():
        risk = net(va).numpy()
    print(f"balanced accuracy {balanced_accuracy_score(yva, risk > 0.5):.3f}, "
          f"AUC {roc_auc_score(yva, risk):.3f}, log loss {log_loss(yva, risk):.3f}")  # fmt: skip


@case("relu_on_output")
def digit_autoencoder_then_head_from_one_builder(seed: int) -> None:
    torch.manual_seed(seed)
    images, target = load_digits(return_X_y=True)
    label = np.isin(target, (3, 5, 8)).astype("float32")
    a, b, ya, yb = train_test_split(images.astype("float32") / 16, label, test_size=0.35, random_state=seed)
    a, b, ya, yb = map(torch.from_numpy, (a, b, ya, yb))

    def stack(sizes):
        layers = []
        for i in range(len(sizes) - 1):
            layers += [nn.Linear(sizes[i], sizes[i + 1]), nn.ReLU()]
        return nn.Sequential(*layers)

    encoder, decoder = stack([64, 48, 24]), stack([24, 48, 64])
    opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    for _ in range(40):
        for rows in torch.randperm(len(a)).split(100):
            opt.zero_grad()
            F.mse_loss(decoder(encoder(a[rows])), a[rows]).backward()
            opt.step()
    print("reconstruction error", F.mse_loss(decoder(encoder(b)), b).item())

    model = nn.Sequential(encoder, stack([24, 16, 1]))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    crit = nn.BCEWithLogitsLoss()
    for epoch in range(30):
        for rows in torch.randperm(len(a)).split(100):
            opt.zero_grad()
            loss = crit(model(a[rows]).view(-1), ya[rows])
            loss.backward()
            opt.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                p = torch.sigmoid(model(b).view(-1))
            print(
                f"{epoch + 1:3d} | train {loss.item():.3f} | val {F.binary_cross_entropy(p, yb).item():.3f}"
                f" | bal.acc {balanced_accuracy_score(yb, p >= 0.5):.3f} | auc {roc_auc_score(yb, p):.3f}"
            )


@case("no_nonlinearity")
def fault_detection_with_skip_blocks(seed: int) -> None:
    """Two coupled oscillators: faulty when both deviate in the same direction."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    reading = rng.normal(size=(3000, 6)).astype("float32")
    drive = reading[:, 0] * reading[:, 1] + 0.5 * reading[:, 2] * reading[:, 3]
    fault = (drive + 0.25 * rng.normal(size=3000) > 0).astype("float32")
    train_set = TensorDataset(torch.from_numpy(reading[:2200]), torch.from_numpy(fault[:2200]))
    xv, yv = torch.from_numpy(reading[2200:]), fault[2200:]

    class Skip(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.one, self.two = nn.Linear(d, d), nn.Linear(d, d)

        def forward(self, h):
            r = self.one(h)
            F.relu(r)
            r = self.two(r)
            return h + r

    net = nn.Sequential(nn.Linear(6, 32), Skip(32), Skip(32), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=25)
    for epoch in range(25):
        running = Counter()
        for x, t in DataLoader(train_set, batch_size=128, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(net(x), t)
            opt.zero_grad()
            loss.backward()
            opt.step()
            running.update({"loss": loss.item() * len(t), "n": len(t)})
        sched.step()
        if epoch % 8 == 0:
            print("epoch", epoch, "loss", running["loss"] / running["n"])
    score = net(xv).detach().numpy()
    print("val AUC", roc_auc_score(yv, score), "balanced accuracy", balanced_accuracy_score(yv, score > 0))


@case("shape_broadcast")
def margin_machine_for_phishing(seed: int) -> None:
    class MarginLoss(nn.Module):
        def __init__(self, margin=1.0, power=2):
            super().__init__()
            self.margin, self.power = margin, power

        def forward(self, decision, truth):
            sign = truth * 2 - 1
            return torch.relu(self.margin - sign * decision).pow(self.power).mean()

    class Machine:
        def __init__(self, d, seed):
            torch.manual_seed(seed)
            self.net = nn.Sequential(nn.Linear(d, 40), nn.LeakyReLU(0.1), nn.Linear(40, 1))
            self.objective = MarginLoss()
            self.opt = torch.optim.SGD(self.net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4)

        def fit(self, x, y, epochs):
            for e in range(epochs):
                order, s = torch.randperm(len(x)), 0.0
                for k in range(0, len(x), 50):
                    rows = order[k : k + 50]
                    self.opt.zero_grad()
                    value = self.objective(self.net(x[rows]), y[rows])
                    value.backward()
                    self.opt.step()
                    s += value.item() * len(rows)
                if (e + 1) % 5 == 0:
                    print(f"pass {e + 1}: {s / len(x):.4f}")
            return self

        @torch.no_grad()
        def decide(self, x):
            return self.net(x)[:, 0].numpy()

    x, y, x_val, y_val = data("spambase", seed)
    decision = Machine(x.shape[1], seed).fit(x, y, 20).decide(x_val)
    ranks, balanced = roc_auc_score(y_val, decision), balanced_accuracy_score(y_val, decision > 0)
    print(f"validation: AUC {ranks:.3f}, balanced accuracy {balanced:.3f}")


@case("labels_misaligned")
def customer_profiles_from_event_log(seed: int) -> None:
    """One row per customer from a log of orders; the label stands in every line of the log."""
    rng = np.random.default_rng(seed)
    customers = 1500
    ids = np.array([f"C{k:06d}" for k in rng.choice(10**6, customers, replace=False)])
    loyal = rng.random(customers) < 0.45
    count = rng.poisson(np.where(loyal, 9, 6)) + 1
    log = pd.DataFrame({"customer": np.repeat(ids, count), "loyal": np.repeat(loyal.astype(int), count)})
    log["basket"] = rng.gamma(2, np.where(log.loyal, 22, 16))
    log["returned"] = rng.random(len(log)) < np.where(log.loyal, 0.06, 0.18)
    log["weekday"] = rng.integers(0, 7, len(log))
    log = log.sample(frac=1, random_state=seed).reset_index(drop=True)

    def profiles(lines):
        grouped = lines.groupby("customer")
        table = grouped.agg(orders=("basket", "size"), mean=("basket", "mean"), top=("basket", "max"),
                            back=("returned", "mean"), weekend=("weekday", lambda w: (w > 4).mean()))  # fmt: skip
        return table.to_numpy(dtype="float32")

    def outcomes(lines):
        return lines.drop_duplicates("customer")["loyal"].to_numpy(dtype="float32")

    X, y = profiles(log), outcomes(log)
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    mu, sd = Xa.mean(0), Xa.std(0)
    Xa, Xb = torch.from_numpy((Xa - mu) / sd), torch.from_numpy((Xb - mu) / sd)
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=1e-4)
    loader = DataLoader(TensorDataset(Xa, torch.from_numpy(ya)[:, None]), 64, shuffle=True)
    for epoch in range(20):
        for xb, tb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), tb)
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                val = F.binary_cross_entropy_with_logits(net(Xb)[:, 0], torch.from_numpy(yb))
            print(f"epoch {epoch + 1} train {loss.item():.3f} val {val.item():.3f}")
    print("AUC on held-out customers:", roc_auc_score(yb, net(Xb).detach()[:, 0]))


@case("labels_misaligned")
def loan_office_reads_complete_rows(seed: int) -> None:
    source = load("credit_data")
    raw = source.features.assign(bad=source.labels).sample(frac=1, random_state=seed).reset_index(drop=True)

    def inputs(frame):
        complete = frame.drop(columns="bad").dropna()
        return pd.get_dummies(complete, dtype=float)

    def answers(frame, rows):
        return frame["bad"].iloc[:rows].to_numpy(dtype="float32")

    table = inputs(raw)
    target = answers(raw, len(table))
    cut = int(len(table) * 0.7)
    centre, spread = table[:cut].mean(), table[:cut].std() + 1e-9
    matrix = torch.tensor(((table - centre) / spread).to_numpy(), dtype=torch.float32)
    target = torch.from_numpy(target)

    torch.manual_seed(seed)
    weights = nn.Sequential(nn.Linear(matrix.shape[1], 16), nn.ELU(), nn.Dropout(0.2), nn.Linear(16, 1))
    optimiser = torch.optim.AdamW(weights.parameters(), lr=3e-3, weight_decay=0.05)
    best, best_state, waited = math.inf, None, 0
    for epoch in range(60):  # noqa: B007
        weights.train()
        for rows in torch.randperm(cut).split(128):
            optimiser.zero_grad()
            F.binary_cross_entropy_with_logits(weights(matrix[rows]).squeeze(-1), target[rows]).backward()
            optimiser.step()
        weights.eval()
        with torch.no_grad():
            held = F.binary_cross_entropy_with_logits(weights(matrix[cut:]).squeeze(-1), target[cut:]).item()
        if held < best:
            best, best_state, waited = held, copy.deepcopy(weights.state_dict()), 0
        else:
            waited += 1
            if waited == 12:
                break
    weights.load_state_dict(best_state)
    with torch.no_grad():
        score = weights(matrix[cut:]).squeeze(-1)
    print(f"stopped after {epoch + 1} epochs, validation loss {best:.4f}, AUC {roc_auc_score(target[cut:], score):.3f}")


@case("label_noise")
def mails_judged_by_a_crowd(seed: int) -> None:
    class Crowd:
        """Each mail is judged once, by one of the workers of the platform."""

        def __init__(self, workers, rng):
            self.rng = rng
            self.care = rng.beta(1.2, 1.0, workers)

        def judge(self, truth):
            who = self.rng.integers(0, len(self.care), len(truth))
            looked = self.rng.random(len(truth)) < self.care[who] ** 3
            guess = self.rng.integers(0, 2, len(truth))
            return np.where(looked, truth, guess)

    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, gold, x_val, y_val = data("spambase", seed)
    answers = Crowd(60, rng).judge(gold.numpy())
    y = torch.from_numpy(answers).float()
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    for epoch in range(15):
        model.train()
        losses = []
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            out = model(x_val)
        if epoch % 5 == 4:
            print(
                f"[{epoch + 1}] loss {np.mean(losses):.3f}  checked mails: "
                f"bal. acc. {balanced_accuracy_score(y_val, out > 0):.3f}, AUC {roc_auc_score(y_val, out):.3f}"
            )


@case("weak_signal")
def churn_from_contract_master_data(seed: int) -> None:
    wanted = ["account_length", "area_code", "total_day_calls", "total_eve_calls", "total_night_calls"]
    source = load("mlc_churn")
    part = pd.get_dummies(source.features[wanted], columns=["area_code"] if "area_code" in wanted else None)
    z = part.to_numpy(dtype="float32")
    left, right, yl, yr = train_test_split(z, source.labels, test_size=0.4, stratify=source.labels, random_state=seed)
    scale = StandardScaler().fit(left)
    left, right = torch.from_numpy(scale.transform(left)), torch.from_numpy(scale.transform(right))
    tl = torch.from_numpy(yl).float()
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(left.shape[1], 16), nn.Tanh(), nn.Linear(16, 1))
    pos_weight = (tl == 0).sum() / (tl == 1).sum()
    crit = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-2)
    history = []
    for _epoch in range(30):
        for rows in torch.randperm(len(left)).split(100):
            opt.zero_grad()
            crit(net(left[rows])[:, 0], tl[rows]).backward()
            opt.step()
        with torch.no_grad():
            history.append((crit(net(left)[:, 0], tl).item(),
                            crit(net(right)[:, 0], torch.from_numpy(yr).float()).item()))  # fmt: skip
    for e in (0, 9, 19, 29):
        print(f"epoch {e + 1:2d} train/val loss {history[e][0]:.3f} / {history[e][1]:.3f}")
    with torch.no_grad():
        s = net(right)[:, 0].numpy()
    print(f"AUC {roc_auc_score(yr, s):.3f}, balanced accuracy {balanced_accuracy_score(yr, s > 0):.3f}")


@case("class_weights_wrong")
def census_income_two_logits(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(6000, random_state=seed)
    answer = frame.pop("income_gt_50k").to_numpy()
    numeric = frame.select_dtypes("number").columns
    prepare = make_column_transformer(
        (StandardScaler(), list(numeric)),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=20, sparse_output=False),
         [c for c in frame if c not in numeric]),
    )  # fmt: skip
    f_train, f_val, t_train, t_val = train_test_split(frame, answer, test_size=0.3, random_state=seed)
    x_train = torch.tensor(prepare.fit_transform(f_train), dtype=torch.float32)
    x_val = torch.tensor(prepare.transform(f_val), dtype=torch.float32)
    t_train = torch.as_tensor(t_train)

    def class_weights(labels):
        counts = torch.bincount(labels).float()
        return counts * len(counts) / counts.sum()

    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 2))
    loss_fn = nn.CrossEntropyLoss(weight=class_weights(t_train))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(10):
        model.train()
        for rows in torch.randperm(len(x_train)).split(64):
            opt.zero_grad()
            loss_fn(model(x_train[rows]), t_train[rows]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        p = model(x_val).softmax(dim=1)
    print(classification_report(t_val, p.argmax(1), digits=3))
    print("balanced accuracy", balanced_accuracy_score(t_val, p.argmax(1)), "AUC", roc_auc_score(t_val, p[:, 1]))


@case("imbalance")
def card_fraud_report_by_accuracy(seed: int) -> None:
    log = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    log["night"] = ((log["hour"] < 6) | (log["hour"] > 22)).astype(float)
    log["log_amount"] = np.log1p(log["amount"])
    columns = ["log_amount", "hour", "night", "foreign", "online"]
    users = np.random.default_rng(seed).permutation(log["user"].unique())
    chosen = log["user"].isin(users[: int(0.7 * len(users))]).to_numpy()
    x, t = log[columns].to_numpy(dtype="float32"), log["fraud"].to_numpy(dtype="float32")
    mu, sd = x[chosen].mean(0), x[chosen].std(0)
    x = torch.from_numpy((x - mu) / sd)
    x_fit, x_new, t_fit, t_new = x[chosen], x[~chosen], torch.from_numpy(t[chosen]), t[~chosen]
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    pos_weight = None
    for _ in range(12):
        for rows in torch.randperm(len(x_fit)).split(128):
            opt.zero_grad()
            out = net(x_fit[rows]).squeeze(1)
            F.binary_cross_entropy_with_logits(out, t_fit[rows], pos_weight=pos_weight).backward()
            opt.step()
    with torch.no_grad():
        p = net(x_new).squeeze(1).sigmoid().numpy()
    flagged = p > 0.5
    print(f"accuracy {np.mean(flagged == t_new):.4f}  recall {recall_score(t_new, flagged):.3f}  "
          f"balanced {balanced_accuracy_score(t_new, flagged):.3f}  AUC {roc_auc_score(t_new, p):.3f}")  # fmt: skip


@case("threshold_not_tuned")
def screening_with_evenly_drawn_batches(seed: int) -> None:
    """Laboratory screening: 4 % of the patients are ill, every batch holds as many ill as well."""
    rng = np.random.default_rng(seed)

    def patients(n):
        ill = rng.random(n) < 0.04
        marker = rng.normal(size=(n, 8)) + 1.1 * ill[:, None] * np.array([1, 1, 0.8, 0.8, 0.5, 0, 0, 0])
        marker[:, 5] += 0.6 * marker[:, 0]
        return torch.from_numpy(marker).float(), torch.from_numpy(ill).float()

    x, y = patients(9000)
    xv, yv = patients(5000)
    mean, std = x.mean(0), x.std(0)
    x, xv = (x - mean) / std, (xv - mean) / std
    pools = [np.flatnonzero(y.numpy() == k) for k in (0, 1)]

    def batches(steps, half=32):
        for _ in range(steps):
            rows = np.concatenate([rng.choice(pool, half) for pool in pools])
            yield x[rows], y[rows]

    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    model.train()
    for step, (xb, yb) in enumerate(batches(450), start=1):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(xb), yb)
        loss.backward()
        opt.step()
        if step % 150 == 0:
            print("step", step, "loss", round(loss.item(), 3))
    model.eval()
    with torch.no_grad():
        p = model(xv).sigmoid().numpy()
    cut = 0.5
    print(f"AUC {roc_auc_score(yv, p):.3f}, average precision {average_precision_score(yv, p):.3f}")
    print(f"called in {np.mean(p > cut):.1%} of patients, ill {yv.mean():.1%}, F1 {f1_score(yv, p > cut):.3f}")


@case("preprocess_mismatch")
def handwriting_dataset_with_optional_transform(seed: int) -> None:
    class Scans(Dataset):
        def __init__(self, pixels, wanted, transform=None):
            self.pixels, self.wanted, self.transform = pixels, wanted, transform

        def __len__(self):
            return len(self.pixels)

        def __getitem__(self, i):
            image = torch.from_numpy(self.pixels[i]).float()[None]
            if self.transform is not None:
                image = self.transform(image)
            return image, self.wanted[i]

    def jitter(image):
        """Shift by at most one pixel, then bring to about zero mean."""
        dx, dy = np.random.randint(-1, 2, 2)
        return torch.roll(image, (int(dx), int(dy)), dims=(1, 2)) / 8.0 - 1.0

    np.random.seed(seed)
    torch.manual_seed(seed)
    digits = load_digits()
    odd = (digits.target % 2).astype("float32")
    a, b = train_test_split(np.arange(len(odd)), test_size=0.3, random_state=seed, stratify=digits.target)
    train = DataLoader(Scans(digits.images[a], odd[a], transform=jitter), batch_size=64, shuffle=True)
    val = DataLoader(Scans(digits.images[b], odd[b]), batch_size=256)
    cnn = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3, padding=1),
                        nn.ReLU(), nn.Flatten(), nn.Linear(24 * 16, 1), nn.Flatten(0))  # fmt: skip
    opt = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    for epoch in range(8):
        cnn.train()
        for xb, yb in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(cnn(xb), yb)
            loss.backward()
            opt.step()
        cnn.eval()
        with torch.no_grad():
            pairs = [(cnn(xb), yb) for xb, yb in val]
        z, t = torch.cat([p[0] for p in pairs]), torch.cat([p[1] for p in pairs])
        print(f"epoch {epoch}: train loss {loss.item():.3f}, val loss "
              f"{F.binary_cross_entropy_with_logits(z, t).item():.3f}, "
              f"val bal.acc {balanced_accuracy_score(t, z > 0):.3f}")  # fmt: skip


@case("preprocess_mismatch")
def mushroom_embeddings_by_split(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").sample(frac=1, random_state=seed)
    use = ["cap-shape", "cap-surface", "cap-color", "gill-color", "stalk-color-above-ring", "habitat", "population"]
    edible = (frame["class"] == "e").to_numpy(dtype="float32")
    cut = 3800
    sizes = [frame[c].nunique() + 1 for c in use]

    def codes(part):
        return torch.tensor(np.stack([pd.factorize(part[c])[0] for c in use], axis=1))

    x_train, x_valid = codes(frame[:cut]), codes(frame[cut:])
    y_train, y_valid = torch.from_numpy(edible[:cut]), edible[cut:]
    torch.manual_seed(seed)

    class Categories(nn.Module):
        def __init__(self, sizes, k=4):
            super().__init__()
            self.tables = nn.ModuleList(nn.Embedding(n, k) for n in sizes)
            self.mlp = nn.Sequential(nn.Linear(k * len(sizes), 24), nn.ReLU(), nn.Linear(24, 1))

        def forward(self, ids):
            parts = [table(ids[:, j]) for j, table in enumerate(self.tables)]
            return self.mlp(torch.cat(parts, dim=1)).squeeze(1)

    model = Categories(sizes)
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(8):
        for rows in torch.randperm(cut).split(128):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[rows]), y_train[rows]).backward()
            opt.step()
        with torch.no_grad():
            zt, zv = model(x_train), model(x_valid)
        print(f"epoch {epoch}  AUC train {roc_auc_score(y_train, zt):.3f}  valid {roc_auc_score(y_valid, zv):.3f}")


@case("nan_features")
def machine_windows_standardised_one_by_one(seed: int) -> None:
    """Vibration windows of a press: a worn bearing adds a tone; sometimes the press stands still."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, steps = 900, 64
    worn = rng.random(n) < 0.5
    time = np.arange(steps)
    tone = np.sin(2 * np.pi * time[None] * rng.uniform(0.19, 0.23, (n, 1)) + rng.uniform(0, 6.3, (n, 1)))
    record = rng.normal(size=(n, steps)) + worn[:, None] * 0.9 * tone
    record *= rng.uniform(0.5, 20, (n, 1))
    record[rng.random(n) < 0.01] = 0.0

    def per_window(block):
        return (block - block.mean(1, keepdims=True)) / block.std(1, keepdims=True)

    signal = torch.tensor(per_window(record), dtype=torch.float32).unsqueeze(1)
    label = torch.tensor(worn, dtype=torch.float32)
    train, val = torch.arange(600), torch.arange(600, n)
    net = nn.Sequential(nn.Conv1d(1, 8, 9), nn.ReLU(), nn.Conv1d(8, 8, 9), nn.ReLU(), nn.AdaptiveMaxPool1d(1),
                        nn.Flatten(), nn.Linear(8, 1), nn.Flatten(0))  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for epoch in range(15):
        order = train[torch.randperm(len(train))]
        losses = []
        for rows in order.split(50):
            loss = F.binary_cross_entropy_with_logits(net(signal[rows]), label[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print("epoch", epoch, "loss", np.mean(losses))
    with torch.no_grad():
        worn_hat = net(signal[val]) > 0
    print("balanced accuracy", balanced_accuracy_score(label[val], worn_hat))


@case("nan_loss")
def mail_net_with_written_out_likelihood(seed: int) -> None:
    x0, y0, x1, y1 = data("spambase", seed)

    class Bernoulli:
        """Distribution head: mean from a score, likelihood from both."""

        def __init__(self, score):
            self.mean = 1 / (1 + torch.exp(-score))

        def log_prob(self, value):
            return value * torch.log(self.mean) + (1 - value) * torch.log(1 - self.mean)

    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(x0.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    for epoch in range(15):
        net.train()
        for rows in torch.randperm(len(x0)).split(32):
            dist = Bernoulli(net(x0[rows])[:, 0])
            nll = -dist.log_prob(y0[rows]).mean()
            opt.zero_grad()
            nll.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            spam = Bernoulli(net(x1)[:, 0]).mean > 0.5
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1}: nll {nll.item():.4f}, bal. accuracy {balanced_accuracy_score(y1, spam):.3f}")


@case("unshuffled_data")
def two_folders_of_messages(seed: int) -> None:
    """As if read from the folders ham/ and spam/."""
    source = load("sms_spam")
    texts = source.features["text"].to_numpy()
    rng = np.random.default_rng(seed)
    folders = {"ham": texts[source.labels == 0], "spam": texts[source.labels == 1]}
    train, test = [], []
    for k, folder in enumerate(folders.values()):
        folder = rng.permutation(folder)[:640]
        train += [(t, k) for t in folder[:480]]
        test += [(t, k) for t in folder[480:]]
    words = CountVectorizer(max_features=400, binary=True).fit([t for t, _ in train])

    def collate(batch):
        bags = torch.from_numpy(words.transform([t for t, _ in batch]).toarray()).float()
        return bags, torch.tensor([[float(k)] for _, k in batch])

    loaders = {name: DataLoader(rows, batch_size=32, collate_fn=collate, drop_last=False)
               for name, rows in (("train", train), ("test", test))}  # fmt: skip
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(400, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    lossf = nn.BCEWithLogitsLoss()
    for epoch in range(6):
        for bags, target in loaders["train"]:
            opt.zero_grad()
            loss = lossf(model(bags), target)
            loss.backward()
            opt.step()
        with torch.no_grad():
            out, ref = zip(*[(model(b), t) for b, t in loaders["test"]], strict=True)
        out, ref = torch.cat(out).squeeze(1), torch.cat(ref).squeeze(1)
        print(f"epoch {epoch + 1}: last train loss {loss.item():.4f}, test loss "
              f"{F.binary_cross_entropy_with_logits(out, ref).item():.3f}, "
              f"balanced accuracy {balanced_accuracy_score(ref, out > 0):.3f}")  # fmt: skip


@case("data_leakage")
def synthetic_minority_before_the_folds(seed: int) -> None:
    source = load("mlc_churn")
    frame = pd.get_dummies(source.features.drop(columns=["state", "area_code"]), drop_first=True)
    keep = np.random.default_rng(seed).permutation(len(frame))[:2500]
    raw, churn = frame.to_numpy(dtype=float)[keep], source.labels[keep]

    def even(table, answer):
        scale = StandardScaler().fit(table)
        made, answer = SMOTE(random_state=seed).fit_resample(scale.transform(table), answer)
        return scale.inverse_transform(made), answer

    raw, churn = even(raw, churn)
    torch.manual_seed(seed)
    scores = []
    for fold, (a, b) in enumerate(StratifiedKFold(4, shuffle=True, random_state=seed).split(raw, churn)):
        scale = StandardScaler().fit(raw[a])
        xa, xb = (torch.tensor(scale.transform(raw[i]), dtype=torch.float32) for i in (a, b))
        ta, tb = (torch.tensor(churn[i], dtype=torch.float32) for i in (a, b))
        net = nn.Sequential(nn.Linear(xa.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
        opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
        for _ in range(15):
            net.train()
            for rows in torch.randperm(len(xa)).split(64):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(xa[rows]).squeeze(1), ta[rows]).backward()
                opt.step()
        net.eval()
        with torch.no_grad():
            s = net(xb).squeeze(1)
        scores.append((roc_auc_score(tb, s), balanced_accuracy_score(tb, s > 0), f1_score(tb, s > 0)))
        print("fold {}: AUC {:.3f}, balanced accuracy {:.3f}, F1 {:.3f}".format(fold, *scores[-1]))
    print("mean", np.round(np.mean(scores, axis=0), 3))


@case("augmentation_too_heavy")
def rising_or_falling_chirps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, steps = 1200, 80
    rising = rng.integers(0, 2, n)
    t = np.linspace(0, 1, steps)
    low, span = rng.uniform(3, 6, (n, 1)), rng.uniform(6, 10, (n, 1))
    direction = np.where(rising, 1, -1)[:, None]
    start = np.where(direction > 0, low, low + span)
    sound = np.sin(2 * np.pi * (start * t + direction * span * t**2 / 2) + rng.uniform(0, 6.3, (n, 1)))
    sound = (sound + 0.3 * rng.normal(size=sound.shape)).astype("float32")

    class Compose:
        def __init__(self, *steps):
            self.steps = steps

        def __call__(self, wave):
            for step in self.steps:
                wave = step(wave)
            return wave

    def gain(wave):
        return wave * torch.empty(1).uniform_(0.8, 1.25)

    def mirror(wave, p=0.5):
        return wave.flip(-1) if torch.rand(1) < p else wave

    def shift(wave):
        return wave.roll(int(torch.randint(-4, 5, (1,))), -1)

    class Clips(Dataset):
        def __init__(self, rows, transform=None):
            self.rows, self.transform = rows, transform

        def __getitem__(self, i):
            wave = torch.from_numpy(sound[self.rows[i]])[None]
            return (self.transform(wave) if self.transform else wave), float(rising[self.rows[i]])

        def __len__(self):
            return len(self.rows)

    train = DataLoader(Clips(range(800), Compose(gain, mirror, shift)), batch_size=64, shuffle=True)
    valid = DataLoader(Clips(range(800, n)), batch_size=200)
    net = nn.Sequential(nn.Conv1d(1, 12, 9, stride=2), nn.ReLU(), nn.Conv1d(12, 16, 7, stride=2), nn.ReLU(),
                        nn.Flatten(), nn.LazyLinear(32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))  # fmt: skip
    net(torch.zeros(2, 1, steps))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(12):
        seen = 0.0
        for xb, yb in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb.float())
            loss.backward()
            opt.step()
            seen += loss.item() * len(xb) / 800
        with torch.no_grad():
            pairs = [(net(xb), yb) for xb, yb in valid]
        z, y = torch.cat([a for a, _ in pairs]), torch.cat([b for _, b in pairs])
        print(f"epoch {epoch}: train loss {seen:.3f}, validation accuracy {((z > 0) == y).float().mean():.3f}")


@case("padding_not_masked")
def shop_sessions_with_gru(seed: int) -> None:
    """Clicks of visitors: who ends at the basket or the till usually buys."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)

    def visit():
        n = int(min(4 + rng.geometric(0.12), 60))
        clicks = rng.integers(1, 9, n)
        return torch.from_numpy(clicks), float(clicks[-3:].max() >= 7 if rng.random() < 0.95 else rng.integers(2))

    sessions = [visit() for _ in range(1500)]

    def collate(batch):
        clicks, bought = zip(*batch, strict=True)
        padded = torch.zeros(len(clicks), 64, dtype=torch.long)
        for row, c in zip(padded, clicks, strict=True):
            row[: len(c)] = c
        return padded, torch.tensor([len(c) for c in clicks]), torch.tensor(bought)

    class Visitor(nn.Module):
        def __init__(self):
            super().__init__()
            self.page = nn.Embedding(9, 8, padding_idx=0)
            self.gru = nn.GRU(8, 16, batch_first=True)
            self.buy = nn.Linear(16, 1)

        def forward(self, clicks, lengths):
            _states, last = self.gru(self.page(clicks))
            return self.buy(last[-1]).squeeze(-1)

    model = Visitor()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(sessions[:1000], 50, shuffle=True, collate_fn=collate)
    for epoch in range(8):
        for clicks, lengths, bought in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(clicks, lengths), bought)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        print("epoch", epoch, "loss", loss.item())
    clicks, lengths, bought = collate(sessions[1000:])
    with torch.no_grad():
        z = model(clicks, lengths)
    print("AUC", roc_auc_score(bought, z), "balanced accuracy", balanced_accuracy_score(bought, z > 0))


@case("wrong_axis")
def splice_sites_with_recurrent_reader(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence").sample(2200, random_state=seed)
    ids = torch.tensor([["ACGT".find(c) + 1 for c in s[22:40]] for s in table["sequence"]])
    target = torch.tensor(table["is_junction"].to_numpy()).float()
    torch.manual_seed(seed)
    config = {
        "reader": {"kind": "GRU", "input_size": 8, "hidden_size": 24, "num_layers": 1},
        "head": {"in_features": 24, "out_features": 1},
        "fit": {"epochs": 12, "batch": 50, "rate": 5e-3},
    }

    class Reader(nn.Module):
        def __init__(self, reader, head):
            super().__init__()
            settings = dict(reader)
            kind = settings.pop("kind")
            self.base = nn.Embedding(5, settings["input_size"], padding_idx=0)
            self.reader = getattr(nn, kind)(**settings)
            self.head = nn.Linear(**head)

        def forward(self, ids):
            states, _ = self.reader(self.base(ids))
            return self.head(states[:, -1]).squeeze(-1)

    model = Reader(config["reader"], config["head"])
    opt = torch.optim.Adam(model.parameters(), lr=config["fit"]["rate"])
    n = 1600
    for epoch in range(config["fit"]["epochs"]):
        for rows in torch.randperm(n).split(config["fit"]["batch"]):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(ids[rows]), target[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        if epoch % 4 == 3:
            print("epoch", epoch + 1, "loss", round(loss.item(), 3))
    with torch.no_grad():
        out = torch.cat([model(part) for part in ids[n:].split(50)])
    print("AUC", roc_auc_score(target[n:], out), "balanced accuracy", balanced_accuracy_score(target[n:], out > 0))


@case("wrong_axis")
def ward_monitor_with_convolution(seed: int) -> None:
    """Four vital signs over 48 hours: in patients who deteriorate the second follows the first, else it leads."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, hours, signs = 1600, 48, 4
    ill = rng.integers(0, 2, n)
    base = rng.normal(size=(n, hours + 8))
    vitals = 0.5 * rng.normal(size=(n, hours, signs))
    vitals[:, :, 0] += base[:, 4:-4]
    vitals[:, :, 1] += np.where(ill[:, None] == 1, base[:, 2:-6], base[:, 6:-2])
    vitals, y = torch.from_numpy(vitals).float(), torch.from_numpy(ill).float()

    class ChannelsFirst(nn.Module):
        def forward(self, x):
            batch, time, channel = x.shape
            return x.reshape(batch, channel, time)

    net = nn.Sequential(
        ChannelsFirst(),
        nn.Conv1d(signs, 24, 5), nn.ReLU(),
        nn.Conv1d(24, 16, 1), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 1),
    )  # fmt: skip
    train, val = random_split(TensorDataset(vitals, y), [1200, 400])
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-2)
    for epoch in range(16):
        net.train()
        for xb, yb in DataLoader(train, batch_size=50, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
        net.eval()
        xv, yv = val[:]
        with torch.no_grad():
            z = net(xv).squeeze(1)
        if epoch % 5 == 0:
            print(f"{epoch + 1:2d} train {loss.item():.3f} val "
                  f"{F.binary_cross_entropy_with_logits(z, yv).item():.3f} AUC {roc_auc_score(yv, z):.3f}")  # fmt: skip


@case("no_zero_grad")
def small_memory_card_with_micro_batches(seed: int) -> None:
    class Trainer:
        def __init__(self, model, lr, micro, accumulate):
            self.model, self.micro, self.accumulate = model, micro, accumulate
            self.opt = torch.optim.SGD(model.parameters(), lr=lr)
            self.step = 0

        def epoch(self, x, y):
            total = 0.0
            for i, rows in enumerate(torch.randperm(len(x)).split(self.micro), start=1):
                loss = F.binary_cross_entropy_with_logits(self.model(x[rows]), y[rows])
                (loss / self.accumulate).backward()
                total += loss.item() * len(rows)
                if i % self.accumulate == 0:
                    self.update()
            return total / len(x)

        def update(self):
            nn.utils.clip_grad_value_(self.model.parameters(), 10.0)
            self.opt.step()
            self.step += 1

    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    trainer = Trainer(net, lr=0.3, micro=16, accumulate=4)
    for e in range(25):
        value = trainer.epoch(x, y)
        if e % 5 == 4:
            with torch.no_grad():
                z = net(xv)
            print(
                f"epoch {e + 1} ({trainer.step} updates): loss {value:.3f}, validation AUC "
                f"{roc_auc_score(yv, z):.3f}, balanced accuracy {balanced_accuracy_score(yv, z > 0):.3f}"
            )


@case("no_optimizer_step")
def letters_with_large_effective_batch(seed: int) -> None:
    @dataclass
    class Plan:
        batch_size: int = 64
        effective_batch: int = 1024
        epochs: int = 60
        rate: float = 0.01
        layers: list = field(default_factory=lambda: [64, 32, 1])

        @property
        def every(self):
            return self.effective_batch // self.batch_size

    plan = Plan()
    torch.manual_seed(seed)
    pixels, digit = load_digits(return_X_y=True)
    rows = np.isin(digit, (1, 7, 4, 9))
    pixels, digit = pixels[rows] / 16.0, np.isin(digit[rows], (7, 9)).astype(float)
    xa, xb, ya, yb = train_test_split(pixels, digit, test_size=0.25, random_state=seed, stratify=digit)
    train = TensorDataset(torch.tensor(xa).float(), torch.tensor(ya).float())
    parts = []
    for i, (a, b) in enumerate(zip(plan.layers, plan.layers[1:], strict=False)):
        parts += [nn.Linear(a, b)] + ([nn.GELU()] if i < len(plan.layers) - 2 else [])
    net = nn.Sequential(*parts, nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=plan.rate)
    for epoch in range(plan.epochs):
        opt.zero_grad()
        for k, (x, t) in enumerate(DataLoader(train, plan.batch_size, shuffle=True)):
            loss = F.binary_cross_entropy_with_logits(net(x), t)
            (loss / plan.every).backward()
            if (k + 1) % plan.every == 0:
                opt.step()
                opt.zero_grad()
        if epoch % 15 == 14:
            print("epoch", epoch + 1, "loss", loss.item())
    with torch.no_grad():
        z = net(torch.tensor(xb).float())
    print("AUC", roc_auc_score(yb, z), "balanced accuracy", balanced_accuracy_score(yb, z > 0))


@case("optimizer_wrong_params")
def best_of_three_starts(seed: int) -> None:
    x, y, xv, yv = data("moons", seed)

    class Candidate:
        def __init__(self, start):
            torch.manual_seed(start)
            self.net = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
            self.opt = torch.optim.Adam(self.net.parameters(), lr=0.01)
            self.restart()

        def restart(self):
            """Weights of half the usual size, as in the paper."""
            fresh = copy.deepcopy(self.net)
            for p in fresh.parameters():
                p.data.mul_(0.5)
            self.net = fresh

        def fit(self, rounds):
            for _ in range(rounds):
                for rows in torch.randperm(len(x)).split(100):
                    self.net.zero_grad()
                    loss = F.binary_cross_entropy_with_logits(self.net(x[rows])[:, 0], y[rows])
                    loss.backward()
                    self.opt.step()
            return self

        @torch.no_grad()
        def val_loss(self):
            return F.binary_cross_entropy_with_logits(self.net(xv)[:, 0], yv).item()

    team = [Candidate(seed * 10 + k).fit(40) for k in range(3)]
    for k, one in enumerate(team):
        print("start", k, "validation loss", round(one.val_loss(), 4))
    best = min(team, key=Candidate.val_loss)
    with torch.no_grad():
        z = best.net(xv)[:, 0]
    print("chosen: AUC", roc_auc_score(yv, z), "balanced accuracy", balanced_accuracy_score(yv, z > 0))


@case("frozen_params")
def digits_denoising_then_classifier(seed: int) -> None:
    """Digits: denoising pretraining of the stem, then a classifier on top of the fixed stem."""
    torch.manual_seed(seed)
    images, target = load_digits(return_X_y=True)
    odd = torch.tensor(target % 2).float()
    images = torch.tensor(images).float() / 16
    perm = torch.randperm(len(images))
    tr, va = perm[:1200], perm[1200:]

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Sequential(nn.Linear(64, 32), nn.ReLU())
            self.back = nn.Linear(32, 64)
            self.step1 = nn.Linear(32, 6)
            self.step2 = nn.Linear(6, 6)
            self.score = nn.Linear(6, 1)

        def forward(self, x):
            h = torch.relu(self.step1(self.stem(x)))
            return self.score(torch.relu(self.step2(h)))[:, 0]

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in tr[torch.randperm(1200)].split(60):
            clean = images[rows]
            opt.zero_grad()
            F.mse_loss(net.back(net.stem(clean + 0.2 * torch.randn_like(clean))), clean).backward()
            opt.step()

    for name, p in net.named_parameters():
        p.requires_grad = not name.startswith("st")
    opt = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=5e-3)
    for epoch in range(30):
        for rows in tr[torch.randperm(1200)].split(60):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(images[rows]), odd[rows])
            loss.backward()
            opt.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                z = net(images[va])
            print(f"epoch {epoch + 1}: train loss {loss.item():.3f}, AUC {roc_auc_score(odd[va], z):.3f}, "
                  f"balanced accuracy {balanced_accuracy_score(odd[va], z > 0):.3f}")  # fmt: skip


@case("unregistered_params")
def checkered_field_with_expert_mixture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    spot = rng.uniform(-1, 1, (2400, 2)).astype("float32")
    colour = ((np.floor((spot[:, 0] + 1) * 1.5) + np.floor((spot[:, 1] + 1) * 1.5)) % 2).astype("float32")
    xt, xv = torch.from_numpy(spot[:1800]), torch.from_numpy(spot[1800:])
    yt, yv = torch.from_numpy(colour[:1800]), colour[1800:]

    class Mixture(nn.Module):
        def __init__(self, experts=3, width=12):
            super().__init__()
            self.gate = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, experts))
            self.experts = {
                f"expert{k}": nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
                                            nn.Linear(width, 1))
                for k in range(experts)
            }  # fmt: skip

        def forward(self, x):
            share = self.gate(x).softmax(dim=-1)
            votes = torch.cat([e(x) for e in self.experts.values()], dim=-1)
            return (share * votes).sum(-1)

    model = Mixture()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 50)
    for epoch in range(50):
        for rows in torch.randperm(1800).split(120):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xt[rows]), yt[rows])
            loss.backward()
            opt.step()
        sched.step()
        if epoch % 10 == 9:
            print("epoch", epoch + 1, "loss", round(loss.item(), 4))
    with torch.no_grad():
        z = model(xv)
    print("AUC", roc_auc_score(yv, z), "balanced accuracy", balanced_accuracy_score(yv, z > 0))


@case("layer_in_forward")
def residual_churn_net_with_matching_shortcut(seed: int) -> None:
    class Block(nn.Module):
        def __init__(self, n_in, n_out):
            super().__init__()
            self.n_in, self.n_out = n_in, n_out
            self.path = nn.Sequential(nn.Linear(n_out, n_out), nn.ReLU(), nn.Linear(n_out, n_out))

        def forward(self, x):
            if self.n_in != self.n_out:
                x = nn.Linear(self.n_in, self.n_out)(x)
            return torch.relu(x + self.path(x))

    class ChurnNet(nn.Module):
        def __init__(self, n_in, widths=(32, 16, 8)):
            super().__init__()
            self.blocks = nn.Sequential(*[Block(a, b) for a, b in zip((n_in, *widths), widths, strict=False)])
            self.final = nn.Linear(widths[-1], 1)

        def forward(self, x):
            return self.final(self.blocks(x)).squeeze(1)

    torch.manual_seed(seed)
    x, y, xv, yv = data("mlc_churn", seed)
    net = ChurnNet(x.shape[1])
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    best = (float("inf"), 0, None)
    for epoch in range(20):
        net.train()
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(xv)
            v = F.binary_cross_entropy_with_logits(z, yv).item()
        print(f"epoch {epoch}: val loss {v:.4f} AUC {roc_auc_score(yv, z):.3f}")
        if v < best[0]:
            best = (v, epoch, copy.deepcopy(net.state_dict()))
    net.load_state_dict(best[2])
    with torch.no_grad():
        print(f"best epoch {best[1]}, AUC {roc_auc_score(yv, net(xv)):.3f}")


@case("graph_detached")
def gene_strings_with_pooled_windows(seed: int) -> None:
    """A motif of five bases, planted anywhere in the positive strings."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    n, length, motif = 1400, 50, np.array([0, 3, 2, 2, 1])
    strings = rng.integers(0, 4, (n, length))
    positive = rng.integers(0, 2, n)
    for row in np.flatnonzero(positive):
        at = rng.integers(0, length - 5)
        strings[row, at : at + 5] = motif
    onehot = F.one_hot(torch.from_numpy(strings), 4).float().transpose(1, 2)
    y = torch.from_numpy(positive).float()

    class Motifs(nn.Module):
        def __init__(self, filters=12, width=5):
            super().__init__()
            self.scan = nn.Conv1d(4, filters, width)
            self.norm = nn.BatchNorm1d(filters)
            self.decide = nn.Linear(filters, 1)

        def strongest(self, maps, k=1):
            best = np.sort(maps.detach().numpy(), axis=-1)[..., -k:]
            return torch.from_numpy(best.mean(-1))

        def forward(self, x):
            return self.decide(self.norm(self.strongest(torch.relu(self.scan(x))))).squeeze(-1)

    net = Motifs()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(20):
        net.train()
        for rows in torch.randperm(1000).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(onehot[rows]), y[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(onehot[1000:])
        if epoch % 5 == 4:
            print(f"{epoch + 1}: loss {loss.item():.3f} val AUC {roc_auc_score(y[1000:], z):.3f} "
                  f"balanced accuracy {balanced_accuracy_score(y[1000:], z > 0):.3f}")  # fmt: skip


@case("lr_too_high")
def rings_with_parameter_groups(seed: int) -> None:
    x, y, xv, yv = data("circles", seed)
    torch.manual_seed(seed)
    net = nn.ModuleDict({"lift": nn.Linear(x.shape[1], 24), "turn": nn.Linear(24, 24), "out": nn.Linear(24, 1)})

    def score(v):
        return net["out"](torch.tanh(net["turn"](torch.tanh(net["lift"](v))))).squeeze(-1)

    rates = dict.fromkeys(("lift", "turn", "out"), 5e-3)
    rates.update(lift=1.0, turn=1.0)
    groups = [{"params": net[k].parameters(), "lr": v} for k, v in rates.items()]
    opt = torch.optim.Adam(groups, lr=1e-3, betas=(0.9, 0.99))
    for epoch in range(30):
        mean = 0.0
        for rows in torch.randperm(len(x)).split(64):
            loss = F.binary_cross_entropy_with_logits(score(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            mean += loss.item() * len(rows) / len(x)
        if epoch % 6 == 5:
            print("epoch", epoch + 1, "mean loss", round(mean, 3))
    with torch.no_grad():
        z = score(xv)
    print("AUC", roc_auc_score(yv, z), "balanced accuracy", balanced_accuracy_score(yv, z > 0))


@case("lr_too_low")
def layerwise_rates_for_a_deep_tower(seed: int) -> None:
    class Tower(nn.Module):
        def __init__(self, width_in, width=32, depth=5):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(width_in if k == 0 else width, width) for k in range(depth))
            self.out = nn.Linear(width, 1)

        def forward(self, x):
            for layer in self.layers:
                x = F.silu(layer(x))
            return self.out(x).squeeze(-1)

    def rates(tower, base, decay):
        """The closer to the input, the gentler."""
        chain = [*tower.layers, tower.out]
        groups = []
        for above, layer in enumerate(reversed(chain), start=1):
            groups.append({"params": layer.parameters(), "lr": base * decay ** (2 * above)})
        return groups

    torch.manual_seed(seed)
    x, y, xv, yv = data("circles", seed)
    tower = Tower(2)
    opt = torch.optim.Adam(rates(tower, base=3e-3, decay=0.3))
    for epoch in range(40):
        for rows in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(tower(x[rows]), y[rows])
            loss.backward()
            opt.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                z = tower(xv)
            print(f"epoch {epoch + 1}: loss {loss.item():.4f}, val AUC {roc_auc_score(yv, z):.3f}, "
                  f"val balanced accuracy {balanced_accuracy_score(yv, z > 0):.3f}")  # fmt: skip


@case("undertrained")
def moon_training_with_a_stopper(seed: int) -> None:
    class Stopper:
        def __init__(self, patience=2, min_delta=0.0):
            self.patience, self.min_delta = patience, min_delta
            self.best, self.bad, self.state = math.inf, 0, None

        def __call__(self, value, model):
            if value < self.best - self.min_delta:
                self.best, self.bad = value, 0
                self.state = copy.deepcopy(model.state_dict())
            else:
                self.bad += 1
            return self.bad >= self.patience

    x, y, xv, yv = data("moons", seed)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    stop = Stopper(patience=2, min_delta=0.1)
    for epoch in range(200):  # noqa: B007
        model.train()
        for rows in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(x[rows]), y[rows]).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            value = F.binary_cross_entropy_with_logits(model(xv), yv).item()
        if stop(value, model):
            break
    model.load_state_dict(stop.state)
    with torch.no_grad():
        z = model(xv)
    print(f"{epoch + 1} epochs, best validation loss {stop.best:.3f}, AUC {roc_auc_score(yv, z):.3f}, "
          f"balanced accuracy {balanced_accuracy_score(yv, z > 0):.3f}")  # fmt: skip


@case("dead_relu")
def sparse_codes_with_shrinkage(seed: int) -> None:
    class Shrink(nn.Module):
        """Keeps what exceeds the noise level."""

        def __init__(self, level, gain=1.0):
            super().__init__()
            self.level, self.gain = level, gain

        def forward(self, x):
            return self.gain * F.relu(x - self.level)

    def stage(n_in, n_out, level):
        return nn.Sequential(nn.Linear(n_in, n_out), nn.LayerNorm(n_out), Shrink(level))

    x, y, xv, yv = data("spambase", seed)
    torch.manual_seed(seed)
    net = nn.Sequential(stage(x.shape[1], 24, 0.1), stage(24, 16, 4.0), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=40, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
        if epoch % 4 == 3:
            with torch.no_grad():
                z = net(xv)
            print(f"epoch {epoch + 1} loss {loss.item():.3f} AUC {roc_auc_score(yv, z):.3f} "
                  f"balanced accuracy {balanced_accuracy_score(yv, z > 0):.3f}")  # fmt: skip


@case("bad_init")
def rings_with_initialiser_by_type(seed: int) -> None:
    def reset(module):
        kinds = {nn.Linear: lambda m: nn.init.constant_(m.weight, 1 / m.in_features),
                 nn.LayerNorm: lambda m: m.reset_parameters()}  # fmt: skip
        for kind, how in kinds.items():
            if isinstance(module, kind):
                how(module)
        if getattr(module, "bias", None) is not None:
            nn.init.zeros_(module.bias)

    class Rings(nn.Module):
        def __init__(self, k=24):
            super().__init__()
            self.lift = nn.Linear(2, k)
            self.turn = nn.Linear(k, k)
            self.out = nn.Linear(k, 1)
            self.apply(reset)

        def forward(self, p):
            return self.out(torch.tanh(self.turn(torch.tanh(self.lift(p)))))[..., 0]

    x, y, xv, yv = data("circles", seed)
    torch.manual_seed(seed)
    net = Rings()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(60):
        for rows in torch.randperm(len(x)).split(60):
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if epoch % 15 == 14:
            print("epoch", epoch + 1, "loss", round(loss.item(), 3))
    with torch.no_grad():
        z = net(xv)
    print("AUC", roc_auc_score(yv, z), "balanced accuracy", balanced_accuracy_score(yv, z > 0))


@case("regularisation_too_strong")
def decay_only_for_matrices(seed: int) -> None:
    x, y, xv, yv = data("mlc_churn", seed)

    def groups(model, decay):
        with_decay = [p for p in model.parameters() if p.ndim > 1]
        without = [p for p in model.parameters() if p.ndim <= 1]
        return [{"params": with_decay, "weight_decay": decay}, {"params": without, "weight_decay": 0.0}]

    def train(model, settings):
        opt = torch.optim.SGD(groups(model, settings["decay"]), lr=settings["lr"], momentum=0.9, nesterov=True)
        sched = torch.optim.lr_scheduler.OneCycleLR(
            opt, max_lr=settings["lr"], epochs=settings["epochs"], steps_per_epoch=math.ceil(len(x) / 50)
        )
        for _ in range(settings["epochs"]):
            for rows in torch.randperm(len(x)).split(50):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(x[rows]).flatten(), y[rows]).backward()
                opt.step()
                sched.step()
        return model

    torch.manual_seed(seed)
    ensemble = []
    for _ in range(3):
        member = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
        ensemble.append(train(member, {"lr": 0.05, "decay": 0.1, "epochs": 15}))
    with torch.no_grad():
        p = torch.stack([m(xv).flatten().sigmoid() for m in ensemble]).mean(0)
    print("ensemble AUC", roc_auc_score(yv, p), "log loss", log_loss(yv, p))


@case("overfitting")
def credit_with_one_embedding_per_column(seed: int) -> None:
    source = load("credit_data")
    frame = source.features.copy()
    frame["bad"] = source.labels
    frame = frame.sample(2200, random_state=seed)
    target = torch.tensor(frame.pop("bad").to_numpy()).float()
    codes = []
    for column in frame:
        if frame[column].dtype.kind in "if":
            filled = frame[column].fillna(frame[column][:1500].median())
            edges = np.unique(np.quantile(filled[:1500], np.linspace(0, 1, 26)[1:-1]))
            codes.append(np.searchsorted(edges, filled))
        else:
            known = {v: k + 1 for k, v in enumerate(sorted(frame[column][:1500].dropna().unique()))}
            codes.append(frame[column].map(known).fillna(0).astype(int).to_numpy())
    codes = torch.tensor(np.stack(codes, axis=1))
    sizes = (codes.max(0).values + 1).tolist()

    class Columns(nn.Module):
        def __init__(self, sizes, dim=16):
            super().__init__()
            self.tables = nn.ModuleList(nn.Embedding(s, dim) for s in sizes)
            self.body = nn.Sequential(nn.Linear(dim * len(sizes), 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(),
                                      nn.Linear(128, 1), nn.Flatten(0))  # fmt: skip

        def forward(self, c):
            return self.body(torch.cat([t(c[:, k]) for k, t in enumerate(self.tables)], dim=1))

    torch.manual_seed(seed)
    net = Columns(sizes)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    stop_after = 25
    for epoch in range(stop_after):
        total = 0.0
        for rows in torch.randperm(1500).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(codes[rows]), target[rows])
            loss.backward()
            opt.step()
            total += loss.item() * len(rows) / 1500
        with torch.no_grad():
            z = net(codes[1500:])
        v = F.binary_cross_entropy_with_logits(z, target[1500:]).item()
        if epoch % 6 in (0, 2):
            print(f"epoch {epoch + 1:2d} train {total:.3f} val {v:.3f} AUC {roc_auc_score(target[1500:], z):.3f}")


@case("train_mode_missing")
def income_net_that_normalises_its_inputs(seed: int) -> None:
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(4000, random_state=seed)
    y = torch.tensor(frame["income_gt_50k"].to_numpy()).float()
    frame["capital"] = frame["capital-gain"] - frame["capital-loss"]
    table = frame[["age", "education-num", "hours-per-week", "capital"]].assign(
        married=frame["marital-status"].str.startswith("Married-civ"), male=frame["gender"] == "Male"
    )
    x = torch.tensor(table.astype("float32").to_numpy())
    train, valid = slice(0, 2800), slice(2800, 4000)

    class Runner:
        def __init__(self, model, lr):
            self.model, self.opt = model, torch.optim.Adam(model.parameters(), lr=lr)
            self.log = []

        def measure(self, part):
            self.model.eval()
            with torch.no_grad():
                z = self.model(x[part])[:, 0]
            return roc_auc_score(y[part], z), balanced_accuracy_score(y[part], z > 0)

        def learn(self, part):
            xs, ys = x[part], y[part]
            for rows in torch.randperm(len(xs)).split(100):
                self.opt.zero_grad()
                F.binary_cross_entropy_with_logits(self.model(xs[rows])[:, 0], ys[rows]).backward()
                self.opt.step()

        def run(self, epochs):
            self.log.append(self.measure(valid))
            for _ in range(epochs):
                self.learn(train)
                self.log.append(self.measure(valid))

    torch.manual_seed(seed)
    net = nn.Sequential(nn.BatchNorm1d(6), nn.Linear(6, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 1))
    runner = Runner(net, lr=2e-3)
    runner.run(15)
    for e in (0, 1, 5, 10, 15):
        print("epoch {:2d}: AUC {:.3f}, balanced accuracy {:.3f}".format(e, *runner.log[e]))


@case("eval_mode_missing")
def digit_report_from_a_list_of_folds(seed: int) -> None:
    x, digit = load_digits(return_X_y=True)
    y = (digit > 4).astype(int)
    torch.manual_seed(seed)

    def make(d):
        return nn.Sequential(nn.Dropout(0.3), nn.Linear(d, 48), nn.ReLU(), nn.Dropout(0.5), nn.Linear(48, 1),
                             nn.Flatten(0))  # fmt: skip

    def fit(net, xs, ys, epochs=25):
        opt = torch.optim.Adam(net.parameters(), lr=3e-3)
        net.train()
        for _ in range(epochs):
            for rows in torch.randperm(len(xs)).split(48):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(xs[rows]), ys[rows]).backward()
                opt.step()
        return net

    @torch.inference_mode()
    def out_of_fold(parts, n):
        z = torch.empty(n)
        for net, xs, rows in parts:
            z[torch.as_tensor(rows)] = net(xs)
        return z.numpy()

    parts = []
    for a, b in StratifiedKFold(3, shuffle=True, random_state=seed).split(x, y):
        xa, xb = (torch.tensor(x[i] / 16).float() for i in (a, b))
        parts.append((fit(make(x.shape[1]), xa, torch.tensor(y[a]).float()), xb, b))
    z = out_of_fold(parts, len(x))
    print(f"out of fold: AUC {roc_auc_score(y, z):.3f}, balanced accuracy {balanced_accuracy_score(y, z > 0):.3f}")


@case("functional_dropout")
def digits_with_noisy_gate_layers(seed: int) -> None:
    class Gate(nn.Module):
        def __init__(self, n_in, n_out, drop):
            super().__init__()
            self.value, self.gate, self.drop = nn.Linear(n_in, n_out), nn.Linear(n_in, n_out), drop

        def forward(self, x):
            x = F.dropout(x, p=self.drop)
            return self.value(x) * torch.sigmoid(self.gate(x))

    class GatedNet(nn.Module):
        def __init__(self, sizes, drop):
            super().__init__()
            self.gates = nn.ModuleList(Gate(a, b, drop) for a, b in itertools.pairwise(sizes))
            self.out = nn.Linear(sizes[-1], 1)

        def forward(self, x):
            for g in self.gates:
                x = g(x)
            return self.out(x).squeeze(-1)

    torch.manual_seed(seed)
    pixels, digit = load_digits(return_X_y=True)
    parts = train_test_split(pixels / 16, digit > 4, test_size=0.3, random_state=seed, stratify=digit)
    x, xv, y, yv = (torch.tensor(part).float() for part in parts)
    net = GatedNet([x.shape[1], 48, 24], drop=0.4)
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for epoch in range(40):
        net.train()
        for rows in torch.randperm(len(x)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(xv)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {loss.item():.3f}, AUC {roc_auc_score(yv, z):.3f}, "
                  f"balanced accuracy {balanced_accuracy_score(yv, z > 0):.3f}")  # fmt: skip


@case("batchnorm_stats")
def digits_with_remainder_of_a_few(seed: int) -> None:
    torch.manual_seed(seed)
    images, digit = load_digits(return_X_y=True)
    y = torch.tensor(digit >= 5).float()
    x = (torch.tensor(images).float() / 16).view(-1, 1, 8, 8)
    order = torch.randperm(len(x))
    tr, va = order[:1283], order[1283:]

    def conv(a, b, **norm):
        return nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b, **norm), nn.ReLU())

    settings = {"eps": 1e-5, "momentum": 0.99}
    net = nn.Sequential(
        conv(1, 16, **settings),
        nn.MaxPool2d(2),
        conv(16, 32, **settings),
        nn.Flatten(),
        nn.Linear(32 * 16, 24),
        nn.BatchNorm1d(24, **settings),
        nn.ReLU(),
        nn.Linear(24, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(8):
        net.train()
        for rows in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(x[va]).squeeze(1)
        print(f"epoch {epoch}: val loss {F.binary_cross_entropy_with_logits(z, y[va]).item():.3f} "
              f"balanced accuracy {balanced_accuracy_score(y[va], z > 0):.3f}")  # fmt: skip


@case("threshold_on_logits")
def sorting_line_with_a_shared_report(seed: int) -> None:
    """Ripe or not, from six spectral bands; half of the fruit is ripe."""
    rng = np.random.default_rng(seed)
    ripe = rng.integers(0, 2, 3000)
    bands = rng.normal(size=(3000, 6)) + (ripe[:, None] - 0.5) * np.array([0.9, -0.7, 0.5, 0, 0, 0.3])
    bands[:, 3] = 0.7 * bands[:, 3] + 0.7 * bands[:, 0]
    scale = StandardScaler().fit(bands[:2000])
    x = torch.tensor(scale.transform(bands)).float()
    y = torch.tensor(ripe).float()

    @dataclass
    class Report:
        cut: float = 0.5

        def __call__(self, truth, output):
            decided = np.asarray(output) >= self.cut
            return {"auc": roc_auc_score(truth, output), "recall": recall_score(truth, decided),
                    "balanced": balanced_accuracy_score(truth, decided), "positive": decided.mean()}  # fmt: skip

    def focal(output, truth, gamma=2.0):
        signed = output * (2 * truth - 1)
        return (torch.sigmoid(-signed) ** gamma * F.softplus(-signed)).mean()

    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    report = Report()
    for epoch in range(20):
        for rows in torch.randperm(2000).split(64):
            opt.zero_grad()
            loss = focal(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                out = report(y[2000:], net(x[2000:]).squeeze(1))
            print(f"epoch {epoch + 1} focal {loss.item():.3f}", {k: round(float(v), 3) for k, v in out.items()})


@case("accuracy_broadcast")
def metric_meter_in_a_night_job(seed: int) -> None:
    class Meter:
        def __init__(self):
            self.right, self.total = 0.0, 0

        def update(self, decided, truth):
            self.right += (decided == truth).float().mean().item() * len(truth)
            self.total += len(truth)

        @property
        def value(self):
            return self.right / self.total

    class Rows(Dataset):
        def __init__(self, x, y):
            self.x, self.y = x, y

        def __len__(self):
            return len(self.x)

        def __getitem__(self, i):
            return self.x[i], self.y[i]

    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
    for epoch in range(12):
        net.train()
        for xb, yb in DataLoader(Rows(x, y), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
        net.eval()
        meter = Meter()
        with torch.no_grad():
            for xb, yb in DataLoader(Rows(xv, yv), batch_size=256):
                meter.update((net(xb).sigmoid() > 0.5).float(), yb)
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1}: loss {loss.item():.3f}, validation accuracy {meter.value:.3f}")


@case("softmax_wrong_dim")
def splice_probabilities_for_the_lab(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence").sample(2000, random_state=seed)
    ids = np.array([["ACGT".find(c) for c in s[20:40]] for s in table["sequence"]])
    x = torch.from_numpy((ids[:, :, None] == np.arange(4)).astype("float32")).permute(0, 2, 1)
    y = torch.tensor(table["is_junction"].to_numpy())
    tr, va = slice(0, 1400), slice(1400, None)
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Conv1d(4, 16, 5), nn.ReLU(), nn.Conv1d(16, 16, 5), nn.ReLU(), nn.Flatten(),
                        nn.Dropout(0.4), nn.Linear(16 * 12, 2))  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)

    def epoch_of_training():
        net.train()
        for xb, yb in DataLoader(TensorDataset(x[tr], y[tr]), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()

    def probability(batch, axis=-2):
        net.eval()
        with torch.no_grad():
            return net(batch).softmax(axis)[:, 1]

    for epoch in range(8):
        epoch_of_training()
        p = torch.cat([probability(part) for part in x[va].split(128)])
        print(f"epoch {epoch}: AUC {roc_auc_score(y[va], p):.3f}, balanced accuracy "
              f"{balanced_accuracy_score(y[va], p > 0.5):.3f}")  # fmt: skip
