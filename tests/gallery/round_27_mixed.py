"""What people post in forums: scripts that are broken, and scripts that their authors worried about for no reason."""

import copy
import itertools
import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from case import case
from imblearn.over_sampling import RandomOverSampler
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, precision_recall_curve, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, TensorDataset, WeightedRandomSampler

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ------------------------------------------------------------------------------------------------ reading the files


def split_and_scale(x, y, seed, share=0.3):
    """Stratified split; medians and scaler come from the training rows."""
    x = np.asarray(x, dtype=np.float64)
    y = np.asarray(y)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=share, stratify=y, random_state=seed)
    median = np.nanmedian(x_train, axis=0)
    x_train, x_val = np.where(np.isnan(x_train), median, x_train), np.where(np.isnan(x_val), median, x_val)
    scaler = StandardScaler().fit(x_train)
    x_train, x_val = scaler.transform(x_train), scaler.transform(x_val)
    return (
        torch.tensor(x_train, dtype=torch.float32),
        torch.tensor(x_val, dtype=torch.float32),
        torch.tensor(y_train, dtype=torch.float32),
        torch.tensor(y_val, dtype=torch.float32),
    )


def churn_table():
    data = load("mlc_churn")
    frame = data.features.drop(columns=["state", "area_code"])
    frame = frame.drop(columns=[c for c in frame.columns if c.endswith("_charge")])
    for column in ("international_plan", "voice_mail_plan"):
        frame[column] = (frame[column] == "yes").astype(int)
    return frame.astype(float), data.labels


def credit_table():
    data = load("credit_data").distinct()
    frame = pd.get_dummies(data.features, columns=data.categorical, dtype=float)
    return frame, data.labels


def spam_mail_table():
    data = load("spambase").distinct()
    return np.log1p(data.features.to_numpy()), data.labels


def adult_table(rows, seed):
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop(columns=["education", "native-country"])
    frame = frame.drop_duplicates(subset=[c for c in frame.columns if c != "income_gt_50k"])
    frame = frame.sample(rows, random_state=seed).reset_index(drop=True)
    target = frame.pop("income_gt_50k").to_numpy()
    frame["capital-gain"] = np.log1p(frame["capital-gain"])
    frame["capital-loss"] = np.log1p(frame["capital-loss"])
    return frame, target


def adult_dummies(rows, seed):
    frame, target = adult_table(rows, seed)
    return pd.get_dummies(frame, dtype=float), target


def payments_by_user(seed):
    """Features from the past only; users of the validation part do not occur in training."""
    frame = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    past = frame.groupby("user")["amount"].transform(lambda a: a.shift().expanding().mean())
    frame["past"] = np.log(past.fillna(frame["amount"].median()))
    frame["amount"] = np.log(frame["amount"])
    frame["ratio"] = frame["amount"] - frame["past"]
    users = np.random.RandomState(seed).permutation(frame["user"].unique())
    held = frame["user"].isin(users[:120]).to_numpy()
    columns = ["amount", "past", "ratio", "hour", "foreign", "online"]
    x, y = frame[columns].to_numpy(float), frame["fraud"].to_numpy()
    scaler = StandardScaler().fit(x[~held])
    return (
        torch.tensor(scaler.transform(x[~held]), dtype=torch.float32),
        torch.tensor(scaler.transform(x[held]), dtype=torch.float32),
        torch.tensor(y[~held], dtype=torch.float32),
        torch.tensor(y[held], dtype=torch.float32),
    )


def mushrooms(drop=()):
    frame = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").drop(columns=list(drop)).drop_duplicates()
    target = (frame.pop("class") == "p").to_numpy().astype(int)
    return pd.get_dummies(frame, dtype=float).to_numpy(), target


def splice_letters():
    frame = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    codes = np.array([["ACGT".find(letter) for letter in row] for row in frame["sequence"]])
    codes[codes < 0] = 0
    return codes, frame["is_junction"].to_numpy()


def bike_hours():
    frame = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    hours = np.log1p(frame[[f"h{h:02d}" for h in range(24)]].to_numpy(float))
    return hours, frame["working_day"].to_numpy()


def sms_tokens(seed, words=800):
    """Token numbers of each message, vocabulary from the training part; 0 is padding, 1 is unknown."""
    data = load("sms_spam").distinct()
    texts = [t.lower().split() for t in data.features["text"]]
    train, val = train_test_split(np.arange(len(texts)), test_size=0.3, stratify=data.labels, random_state=seed)
    counts = Counter(word for i in train for word in texts[i])
    vocab = {word: n + 2 for n, (word, _) in enumerate(counts.most_common(words))}
    coded = [[vocab.get(word, 1) for word in text] or [1] for text in texts]
    return coded, data.labels, train, val, len(vocab) + 2


def mlp(*sizes):
    layers = []
    for a, b in itertools.pairwise(sizes[:-1]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


# ------------------------------------------------------------------- "is this normal?" (it is): nothing wrong here


@case("healthy")
def credit_five_columns_loss_stays_at_point_six(seed):
    torch.manual_seed(seed)
    frame, y = credit_table()
    rng = np.random.default_rng(seed)
    bad = np.flatnonzero(y == 1)
    good = rng.choice(np.flatnonzero(y == 0), len(bad), replace=False)
    keep = rng.permutation(np.concatenate([bad, good]))
    x = frame[["Seniority", "Age", "Income", "Amount", "Price"]].iloc[keep]
    xt, xv, yt, yv = split_and_scale(x, y[keep], seed)
    model = mlp(5, 16, 1)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    crit = nn.BCEWithLogitsLoss()
    for _epoch in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = crit(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(xv).squeeze(1)
        print("val loss", crit(out, yv).item(), "acc", ((out > 0) == yv.bool()).float().mean().item())
    print("auc", roc_auc_score(yv, out))


@case("healthy")
def churn_training_and_validation_loss_do_not_match_because_of_dropout(seed):
    torch.manual_seed(seed)
    x, y = churn_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = nn.Sequential(
        nn.Linear(xt.shape[1], 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.4),
        nn.Linear(64, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), 2e-3)
    history = []
    for _epoch in range(25):
        net.train()
        total = 0.0
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xt[idx])[:, 0], yt[idx])
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            val = F.binary_cross_entropy_with_logits(net(xv)[:, 0], yv).item()
        history.append((total / len(xt), val))
    with torch.no_grad():
        p = torch.sigmoid(net(xv)[:, 0]).numpy()
    print(history[-1], min(v for _, v in history), "f1", f1_score(yv, p > 0.4), "auc", roc_auc_score(yv, p))


@case("healthy")
def fraud_accuracy_below_majority_share_but_threshold_follows_the_costs(seed):
    # a missed fraud costs 40, a wrong alarm 1
    torch.manual_seed(seed)
    xt, xv, yt, yv = payments_by_user(seed)
    cut = len(xv) // 2
    net = mlp(6, 32, 16, 1)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-3)
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(xt, yt.unsqueeze(1)), batch_size=128, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(net(xv)).squeeze(1).numpy()
    truth = yv.numpy()
    costs = {}
    for t in np.linspace(0.005, 0.5, 60):
        costs[t] = (40 * ((p <= t) & (truth == 1)) + ((p > t) & (truth == 0)))[:cut].sum()
    threshold = min(costs, key=costs.get)
    alarm = p[cut:] > threshold
    print("threshold", threshold, "acc", accuracy_score(truth[cut:], alarm), "majority", 1 - truth[cut:].mean(),
          "recall", alarm[truth[cut:] == 1].mean(), "auc", roc_auc_score(truth, p))  # fmt: skip


@case("healthy")
def spam_mails_loss_jumps_about_with_batches_of_four(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    model = mlp(57, 24, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _epoch in range(4):
        order = torch.randperm(len(xt))
        for start in range(0, len(xt), 4):
            rows = order[start : start + 4]
            loss = F.binary_cross_entropy_with_logits(model(xt[rows]).flatten(), yt[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    with torch.no_grad():
        logits = model(xv).flatten()
    print("std of loss", np.std(losses[-300:]), "acc", ((logits > 0).float() == yv).float().mean().item())


class NegativeSoftF1(nn.Module):
    """To be minimised: minus the F1 of the probabilities."""

    def forward(self, logits, target):
        p = torch.sigmoid(logits)
        tp = (p * target).sum()
        return -2 * tp / (p.sum() + target.sum() + 1e-8)


@case("healthy")
def spam_mails_loss_is_negative_because_it_is_minus_soft_f1(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
    criterion = NegativeSoftF1()
    opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-4)
    for _epoch in range(12):
        for idx in torch.randperm(len(xt)).split(256):
            opt.zero_grad()
            loss = criterion(model(xt[idx]), yt[idx])
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(xv)
        print("train loss", loss.item(), "val loss", criterion(out, yv).item())
    print("f1", f1_score(yv, out > 0), "auc", roc_auc_score(yv, out))


@case("healthy")
def breast_cancer_loss_in_the_hundreds_because_it_is_a_sum(seed):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    xt, xv, yt, yv = split_and_scale(data.data, data.target, seed)
    net = nn.Linear(30, 1)
    loss_fn = nn.BCEWithLogitsLoss(reduction="sum")
    opt = torch.optim.SGD(net.parameters(), lr=2e-4, momentum=0.9)
    for _step in range(400):  # whole batch
        opt.zero_grad()
        loss = loss_fn(net(xt).view(-1), yt)
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("acc", ((net(xv).view(-1) > 0).float() == yv).float().mean().item(), "sum of losses", loss.item())


@case("healthy")
def mushrooms_logits_of_forty_on_easy_data(seed):
    torch.manual_seed(seed)
    x, y = mushrooms()
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    x_tr, x_va = torch.tensor(x_tr).float(), torch.tensor(x_va).float()
    y_tr, y_va = torch.tensor(y_tr).float(), torch.tensor(y_va).float()
    net = mlp(x_tr.shape[1], 64, 32, 1)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(x_tr, y_tr), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(-1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        z = net(x_va).squeeze(-1)
    print("logits from", z.min().item(), "to", z.max().item(), "acc", ((z > 0).float() == y_va).float().mean().item())


@case("healthy")
def adult_loss_spikes_in_the_middle_of_one_cycle(seed):
    torch.manual_seed(seed)
    x, y = adult_dummies(4000, seed)
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    loader = DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True, drop_last=True)
    model = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    epochs = 8
    opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-3)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.3, total_steps=epochs * len(loader))
    for _epoch in range(epochs):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
            sched.step()
    model.eval()
    with torch.no_grad():
        out = model(xv).squeeze(1)
    print("acc", accuracy_score(yv, out > 0), "auc", roc_auc_score(yv, out))


@case("healthy")
def splice_nothing_happens_during_the_long_warm_up(seed):
    torch.manual_seed(seed)
    codes, y = splice_letters()
    x = torch.tensor(codes)
    y = torch.tensor(y).float()
    train, val = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(4, 8)
            self.conv = nn.Conv1d(8, 24, 9, padding=4)
            self.fc = nn.Linear(24 * 15, 1)

        def forward(self, s):
            h = F.relu(self.conv(self.emb(s).permute(0, 2, 1)))
            h = F.max_pool1d(h, 4)
            return self.fc(h.flatten(1)).squeeze(1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    batches = math.ceil(len(train) / 64)
    warm = 4 * batches
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda i: min(1.0, ((i + 1) / warm) ** 3))
    for _epoch in range(9):
        net.train()
        for idx in torch.tensor(train)[torch.randperm(len(train))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[idx]), y[idx])
            loss.backward()
            opt.step()
            sched.step()
    net.eval()
    with torch.no_grad():
        score = net(x[val])
    print("acc", ((score > 0).float() == y[val]).float().mean().item(), "auc", roc_auc_score(y[val], score))


@case("healthy")
def digits_backbone_frozen_on_purpose_after_training_on_other_digits(seed):
    torch.manual_seed(seed)
    images, digit = load_digits(return_X_y=True)
    images = torch.tensor(images / 16.0).float().view(-1, 1, 8, 8)
    digit = torch.tensor(digit)
    # stage 1: which digit is it, 0 to 5 only
    body = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
    )  # fmt: skip
    first = nn.Sequential(nn.Linear(24 * 16, 48), nn.ReLU(), nn.Linear(48, 6))
    opt = torch.optim.Adam([*body.parameters(), *first.parameters()], lr=2e-3)
    known = torch.where(digit < 6)[0]
    for _epoch in range(5):
        for idx in known[torch.randperm(len(known))].split(64):
            opt.zero_grad()
            F.cross_entropy(first(body(images[idx])), digit[idx]).backward()
            opt.step()
    # stage 2: 7 or 9, the backbone stays as it is
    rows = torch.where((digit == 7) | (digit == 9))[0]
    train, val = train_test_split(rows.numpy(), test_size=0.3, stratify=digit[rows], random_state=seed)
    for p in body.parameters():
        p.requires_grad = False
    body.eval()
    head = nn.Linear(24 * 16, 1)
    opt = torch.optim.Adam(head.parameters(), lr=1e-2)
    target = (digit == 9).float()
    for _epoch in range(25):
        for idx in torch.tensor(train)[torch.randperm(len(train))].split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(head(body(images[idx])).squeeze(1), target[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = head(body(images[val])).squeeze(1)
    print("acc", ((out > 0).float() == target[val]).float().mean().item())


@case("healthy")
def adult_gradients_of_1e_minus_7_because_the_loss_is_scaled(seed):
    torch.manual_seed(seed)
    x, y = adult_dummies(3000, seed)
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = mlp(xt.shape[1], 32, 1)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, eps=1e-12)
    for _epoch in range(8):
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            loss = 1e-5 * F.binary_cross_entropy_with_logits(net(xt[idx]).squeeze(1), yt[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = net(xv).squeeze(1)
    grad = max(p.grad.abs().max().item() for p in net.parameters())
    print("largest gradient", grad, "acc", accuracy_score(yv, z > 0), "auc", roc_auc_score(yv, z))


@case("healthy")
def rare_fraud_outputs_mostly_below_point_one(seed):
    """We only need the ranking: the 5 % with the highest score are looked at by a person."""
    torch.manual_seed(seed)
    xt, xv, yt, yv = payments_by_user(seed)

    class Scorer(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(6, 24)
            self.b = nn.Linear(24, 24)
            self.c = nn.Linear(24, 1)
            nn.init.constant_(self.c.bias, math.log(0.038 / 0.962))

        def forward(self, x):
            return torch.sigmoid(self.c(F.gelu(self.b(F.gelu(self.a(x))))))

    net = Scorer()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    bce = nn.BCELoss()
    for _epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(xt, yt.view(-1, 1)), batch_size=256, shuffle=True):
            opt.zero_grad()
            loss = bce(net(xb), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = net(xv).view(-1)
    top = p.topk(len(p) // 20).indices
    print("mean output", p.mean().item(), "ap", average_precision_score(yv, p))
    print("fraud among the top", yv[top].sum().item(), "of", yv.sum().item())


@case("healthy")
def sms_bag_of_words_with_learning_rate_five(seed):
    torch.manual_seed(seed)
    coded, labels, train, val, words = sms_tokens(seed)
    bag = torch.zeros(len(coded), words)
    for row, tokens in enumerate(coded):
        for token in tokens:
            bag[row, token] = 1.0
    bag = F.normalize(bag, dim=1)
    y = torch.tensor(labels).float()
    w = torch.zeros(words, requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    opt = torch.optim.SGD([w, b], lr=5.0)
    for _epoch in range(30):
        for rows in torch.tensor(train)[torch.randperm(len(train))].split(32):
            z = bag[rows] @ w + b
            loss = F.binary_cross_entropy_with_logits(z, y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = bag[val] @ w + b
    print("loss", loss.item(), "f1", f1_score(y[val], z > 0), "auc", roc_auc_score(y[val], z))


@case("healthy")
def churn_steps_only_every_fourth_batch_on_purpose(seed):
    torch.manual_seed(seed)
    x, y = churn_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = mlp(xt.shape[1], 48, 24, 1)
    opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-2)
    accumulate = 4
    opt.zero_grad()
    for _epoch in range(13):
        batches = list(torch.randperm(len(xt)).split(16))
        for number, idx in enumerate(batches, start=1):
            loss = F.binary_cross_entropy_with_logits(net(xt[idx]).ravel(), yt[idx]) / accumulate
            loss.backward()
            if number % accumulate == 0 or number == len(batches):
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        p = torch.sigmoid(net(xv)).ravel().numpy()
    print("f1", f1_score(yv, p > 0.4), "auc", roc_auc_score(yv, p))


@case("healthy")
def mammogram_labels_minus_one_and_one_for_the_soft_margin_loss(seed):
    torch.manual_seed(seed)
    frame = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    frame = frame.drop_duplicates(subset=[c for c in frame.columns if c != "malignant"])
    frame["birads"] = frame["birads"].clip(upper=6)
    y = np.where(frame.pop("malignant") == 1, 1, -1)
    frame = pd.get_dummies(frame, columns=["shape", "margin"], dtype=float)
    xt, xv, yt, yv = split_and_scale(frame, y, seed)
    model = nn.Sequential(nn.Linear(xt.shape[1], 12), nn.ELU(), nn.Linear(12, 1))
    opt = torch.optim.RMSprop(model.parameters(), lr=3e-3, weight_decay=1e-3)
    for _epoch in range(14):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = F.soft_margin_loss(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        decision = model(xv).squeeze(1).sign()
    print("acc", (decision == yv).float().mean().item())


@case("healthy")
def spam_mails_hinge_loss_without_any_probability(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    svm = nn.Linear(57, 1)
    opt = torch.optim.SGD(svm.parameters(), lr=0.02)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)
    for _epoch in range(12):
        for idx in torch.randperm(len(xt)).split(32):
            sign = 2 * yt[idx] - 1
            loss = (1 - sign * svm(xt[idx])[:, 0]).clamp(min=0).mean() + 1e-3 * svm.weight.square().sum()
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
    with torch.no_grad():
        margin = svm(xv)[:, 0]
    print("acc", ((margin >= 0) == (yv == 1)).float().mean().item())


@case("healthy")
def credit_logistic_regression_by_lbfgs(seed):
    torch.manual_seed(seed)
    x, y = credit_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    model = nn.Linear(xt.shape[1], 2)
    opt = torch.optim.LBFGS(model.parameters(), max_iter=10, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        value = F.cross_entropy(model(xt), yt.long()) + 1e-3 * model.weight.pow(2).sum()
        value.backward()
        return value

    for _ in range(5):
        opt.step(closure)
    with torch.no_grad():
        prob = model(xv).softmax(dim=1)
    print("acc", (prob.argmax(1) == yv.long()).float().mean().item(), "auc", roc_auc_score(yv, prob[:, 1]))


@case("healthy")
def first_names_packed_gru_reads_the_last_letter(seed):
    torch.manual_seed(seed)
    frame = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    frame = frame.sort_values("percent").drop_duplicates("name", keep="last").sort_values("name")
    frame = frame.sample(3000, random_state=seed)
    letters = [torch.tensor([ord(c) - 64 for c in name]) for name in frame["name"]]
    y = torch.tensor((frame["list"] == "M").to_numpy()).float()
    train, val = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(27, 12, padding_idx=0)
            self.gru = nn.GRU(12, 32, batch_first=True)
            self.out = nn.Linear(32, 1)

        def forward(self, batch, lengths):
            packed = pack_padded_sequence(self.embed(batch), lengths, batch_first=True, enforce_sorted=False)
            _, h = self.gru(packed)
            return self.out(h[-1]).squeeze(1)

    def batch_of(rows):
        items = [letters[i] for i in rows]
        return pad_sequence(items, batch_first=True), torch.tensor([len(i) for i in items])

    net = Reader()
    opt = torch.optim.Adam(net.parameters(), lr=8e-3)
    weight = torch.tensor(2.0)
    for _epoch in range(6):
        net.train()
        for rows in torch.tensor(train)[torch.randperm(len(train))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(*batch_of(rows.tolist())), y[rows], pos_weight=weight)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        z = net(*batch_of(val))
    print("acc", accuracy_score(y[val], z > 0), "f1", f1_score(y[val], z > 0), "auc", roc_auc_score(y[val], z))


@case("healthy")
def spam_mails_mixup_training_accuracy_looks_poor(seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = spam_mail_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    model = nn.Sequential(nn.Linear(57, 64), nn.LeakyReLU(0.1), nn.Linear(64, 64), nn.LeakyReLU(0.1), nn.Linear(64, 1))
    opt = torch.optim.Adam(model.parameters(), 2e-3)
    for _epoch in range(12):
        hits = seen = 0
        for idx in torch.randperm(len(xt)).split(64):
            lam = float(rng.beta(0.6, 0.6))
            other = idx[torch.randperm(len(idx))]
            mixed = lam * xt[idx] + (1 - lam) * xt[other]
            out = model(mixed).squeeze(1)
            loss = lam * F.binary_cross_entropy_with_logits(out, yt[idx])
            loss = loss + (1 - lam) * F.binary_cross_entropy_with_logits(out, yt[other])
            opt.zero_grad()
            loss.backward()
            opt.step()
            hits += ((out > 0) == (yt[idx] > 0.5)).sum().item()
            seen += len(idx)
    model.eval()
    with torch.no_grad():
        val = ((model(xv).squeeze(1) > 0) == (yv > 0.5)).float().mean().item()
    print("train acc on the mixed rows", hits / seen, "val acc", val)


@case("healthy")
def churn_balanced_sampler_then_threshold_from_the_precision_recall_curve(seed):
    torch.manual_seed(seed)
    x, y = churn_table()
    xt, rest, yt, y_rest = split_and_scale(x, y, seed, share=0.5)
    half = torch.randperm(len(rest))
    tune, test = half[: len(rest) // 2], half[len(rest) // 2 :]
    weights = torch.where(yt == 1, 0.5 / yt.mean(), 0.5 / (1 - yt.mean()))
    loader = DataLoader(TensorDataset(xt, yt), 64, sampler=WeightedRandomSampler(weights, len(xt)))
    net = nn.Sequential(
        nn.Linear(xt.shape[1], 64), nn.SiLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.SiLU(), nn.Linear(32, 1)
    )  # fmt: skip
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.02)
    for _epoch in range(12):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).flatten(), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(rest)).flatten().numpy()
    truth = y_rest.numpy()
    precision, recall, cuts = precision_recall_curve(truth[tune], p[tune])
    best = cuts[np.argmax(2 * precision[:-1] * recall[:-1] / (precision[:-1] + recall[:-1] + 1e-9))]
    print("cut", best, "f1", f1_score(truth[test], p[test] >= best), "auc", roc_auc_score(truth[test], p[test]))


@case("healthy")
def credit_squared_error_stuck_at_point_one_five(seed):
    """Brier score; always predicting the share of bad loans would give 0.20."""
    torch.manual_seed(seed)
    x, y = credit_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = nn.Sequential(nn.Linear(xt.shape[1], 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(xt, yt[:, None]), batch_size=64, shuffle=True):
            loss = F.mse_loss(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = net(xv)
        print("brier", F.mse_loss(p, yv[:, None]).item(), "auc", roc_auc_score(yv, p[:, 0]))
    print("acc", accuracy_score(yv, p[:, 0] > 0.5))


@case("healthy")
def mushrooms_loss_never_under_point_three_with_label_smoothing(seed):
    torch.manual_seed(seed)
    x, y = mushrooms(drop=("odor", "spore-print-color", "gill-color", "ring-type"))
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    a, b = torch.tensor(a, dtype=torch.float32), torch.tensor(b, dtype=torch.float32)
    ya, yb = torch.tensor(ya), torch.tensor(yb)
    net = mlp(a.shape[1], 48, 2)
    crit = nn.CrossEntropyLoss(label_smoothing=0.2)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _epoch in range(20):
        for rows in torch.randperm(len(a)).split(64):
            opt.zero_grad()
            loss = crit(net(a[rows]), ya[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = net(b)
    print("loss", crit(out, yb).item(), "acc", (out.argmax(dim=1) == yb).float().mean().item())


class AdultRows(Dataset):
    def __init__(self, codes, numbers, target):
        self.codes, self.numbers, self.target = codes, numbers, target

    def __len__(self):
        return len(self.target)

    def __getitem__(self, i):
        return self.codes[i], self.numbers[i], self.target[i]


class AdultNet(nn.Module):
    def __init__(self, sizes, numbers):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(n + 1, min(6, n)) for n in sizes)
        width = sum(t.embedding_dim for t in self.tables) + numbers
        self.body = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))

    def forward(self, codes, numbers):
        parts = [table(codes[:, i]) for i, table in enumerate(self.tables)]
        return self.body(torch.cat([*parts, numbers], dim=1)).squeeze(1)


@case("healthy")
def adult_embeddings_evaluated_with_averaged_weights(seed):
    torch.manual_seed(seed)
    frame, y = adult_table(4000, seed)
    text = [c for c in frame.columns if frame[c].dtype.kind not in "if"]
    train, val = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    codes = np.zeros((len(y), len(text)), dtype=np.int64)
    sizes = []
    for i, column in enumerate(text):
        known = {v: n + 1 for n, v in enumerate(sorted(frame[column].iloc[train].unique()))}
        codes[:, i] = [known.get(v, 0) for v in frame[column]]  # 0: not seen in training
        sizes.append(len(known))
    numbers = frame.drop(columns=text).to_numpy(float)
    numbers = StandardScaler().fit(numbers[train]).transform(numbers)
    codes, numbers = torch.tensor(codes), torch.tensor(numbers, dtype=torch.float32)
    target = torch.tensor(y, dtype=torch.float32)
    model = AdultNet(sizes, numbers.shape[1])
    slow = copy.deepcopy(model).eval()
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    loader = DataLoader(AdultRows(codes[train], numbers[train], target[train]), batch_size=64, shuffle=True)
    for _epoch in range(7):
        model.train()
        for c, n, t in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(c, n), t)
            loss.backward()
            opt.step()
            with torch.no_grad():
                for mean, now in zip(slow.parameters(), model.parameters(), strict=True):
                    mean.lerp_(now, 0.02)
    with torch.no_grad():
        out = slow(codes[val], numbers[val])
    print("acc", accuracy_score(target[val], out > 0), "auc", roc_auc_score(target[val], out))


@case("healthy")
def bike_days_first_epochs_jump_and_best_weights_are_put_back(seed):
    torch.manual_seed(seed)
    hours, y = bike_hours()
    xt, xv, yt, yv = split_and_scale(hours, y, seed)
    net = nn.Sequential(
        nn.Unflatten(1, (1, 24)), nn.Conv1d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv1d(8, 8, 5, padding=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(8 * 24, 1),
    )  # fmt: skip
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    best, kept, patience = math.inf, None, 0
    for epoch in range(60):  # noqa: B007 - printed behind
        net.train()
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xt[idx]).squeeze(1), yt[idx]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            val = F.binary_cross_entropy_with_logits(net(xv).squeeze(1), yv).item()
        if val < best:
            best, kept, patience = val, copy.deepcopy(net.state_dict()), 0
        else:
            patience += 1
            if patience == 6:
                break
    net.load_state_dict(kept)
    with torch.no_grad():
        z = net(xv).squeeze(1)
    print("stopped at", epoch, "best val", best, "acc", ((z > 0).float() == yv).float().mean().item())


@case("healthy")
def credit_model_gives_other_scores_each_call_because_of_monte_carlo_dropout(seed):
    torch.manual_seed(seed)
    x, y = credit_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = nn.Sequential(nn.Linear(xt.shape[1], 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
    net.train()
    for _epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    net.eval()
    for part in net.modules():  # on purpose: only dropout stays on, 60 passes are averaged
        if isinstance(part, nn.Dropout):
            part.train()
    with torch.no_grad():
        passes = torch.stack([torch.sigmoid(net(xv).squeeze(1)) for _ in range(60)])
    mean, spread = passes.mean(dim=0), passes.std(dim=0)
    print("auc", roc_auc_score(yv, mean), "acc", accuracy_score(yv, mean > 0.5), "spread", spread.mean().item())


# --------------------------------------------------------------------------- "please help": something is wrong here


class SpamNetWithProbability(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.fc1 = nn.Linear(inputs, 32)
        self.fc2 = nn.Linear(32, 16)
        self.fc3 = nn.Linear(16, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return torch.sigmoid(self.fc3(x))


@case("double_sigmoid")
def spam_mails_loss_never_gets_below_half_and_everything_is_spam(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    model = SpamNetWithProbability(57)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(15):
        model.train()
        for inputs, targets in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            outputs = model(inputs).squeeze(1)
            loss = criterion(outputs, targets)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (torch.sigmoid(model(xv).squeeze(1)) > 0.5).float()
    print("loss", loss.item(), "acc", (predicted == yv).float().mean().item(), "called spam", predicted.mean().item())


@case("ce_single_output")
def churn_loss_is_zero_from_the_first_batch(seed):
    torch.manual_seed(seed)
    x, y = churn_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    n_out = 1
    model = mlp(xt.shape[1], 64, 32, n_out)
    loss_func = nn.CrossEntropyLoss()
    optim = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            pred = model(xb)
            loss = loss_func(pred, yb.unsqueeze(1))  # without unsqueeze: "target 1 is out of bounds"
            optim.zero_grad()
            loss.backward()
            optim.step()
    with torch.no_grad():
        score = model(xv)[:, -1]
    print("loss", loss.item(), "auc", roc_auc_score(yv, score))


def binary_crossentropy(y_pred, y_true):
    """Ported from my Keras notes."""
    y_pred = y_pred.clamp(1e-7, 1 - 1e-7)
    return -(y_true * y_pred.log() + (1 - y_true) * (1 - y_pred).log()).mean()


@case("shape_broadcast")
def credit_same_net_learned_in_keras_but_here_predicts_always_good(seed):
    torch.manual_seed(seed)
    x, y = credit_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _epoch in range(12):
        order = torch.randperm(len(xt))
        for i in range(0, len(xt), 50):
            rows = order[i : i + 50]
            y_pred = net(xt[rows])
            loss = binary_crossentropy(y_pred, yt[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = net(xv).numpy().ravel()
    print("acc", accuracy_score(yv, p > 0.5), "f1", f1_score(yv, p > 0.5), "auc", roc_auc_score(yv, p))


@case("label_encoding")
def spam_mails_coded_one_and_two_loss_runs_to_minus_thousands(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    label = pd.Series(y).map({0: 1, 1: 2}).to_numpy()  # that is how the CSV from the colleague has it
    xt, xv, yt, yv = split_and_scale(x, label, seed)
    net = mlp(57, 32, 1)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    bce = nn.BCEWithLogitsLoss()
    for _epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = bce(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        guess = (net(xv).squeeze(1) > 0).float() + yt.min()
    print("loss", loss.item(), "acc", (guess == yv).float().mean().item())


@case("unscaled_features")
def credit_numbers_straight_from_the_table_predicts_always_the_majority(seed):
    torch.manual_seed(seed)
    data = load("credit_data").distinct()
    frame = data.features.select_dtypes("number")
    frame = frame.fillna(frame.median())
    x_train, x_val, y_train, y_val = train_test_split(
        frame.to_numpy(), data.labels, test_size=0.3, stratify=data.labels, random_state=seed
    )
    x_train = torch.tensor(x_train, dtype=torch.float32)
    x_val = torch.tensor(x_val, dtype=torch.float32)
    y_train, y_val = torch.tensor(y_train).float(), torch.tensor(y_val).float()
    net = nn.Sequential(nn.Linear(9, 32), nn.Sigmoid(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        z = net(x_val).squeeze(1)
    print("acc", accuracy_score(y_val, z > 0), "f1", f1_score(y_val, z > 0), "auc", roc_auc_score(y_val, z))


@case("nan_loss")
def mushrooms_goes_well_for_some_epochs_then_loss_is_nan(seed):
    torch.manual_seed(seed)
    x, y = mushrooms()
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    a, b, ya, yb = (torch.tensor(v, dtype=torch.float32) for v in (a, b, ya, yb))
    net = nn.Sequential(nn.Linear(a.shape[1], 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())

    def cross_entropy(p, t):
        return -torch.mean(t * torch.log(p) + (1 - t) * torch.log(1 - p))

    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _epoch in range(25):
        running = 0.0
        for rows in torch.randperm(len(a)).split(64):
            opt.zero_grad()
            loss = cross_entropy(net(a[rows]).squeeze(1), ya[rows])
            loss.backward()
            opt.step()
            running += loss.item()
    with torch.no_grad():
        p = net(b).squeeze(1)
    print("epoch loss", running, "acc", ((p > 0.5).float() == yb).float().mean().item())


@case("nan_features")
def hypothyroid_loss_is_nan_already_in_the_first_batch(seed):
    torch.manual_seed(seed)
    data = load("hypothyroid").distinct()
    frame = data.features[["age", "TSH", "T3", "TT4", "T4U", "FTI"]]
    tr, va = train_test_split(np.arange(len(frame)), test_size=0.3, stratify=data.labels, random_state=seed)
    frame = (frame - frame.iloc[tr].mean()) / frame.iloc[tr].std()
    x, y = torch.tensor(frame.to_numpy(), dtype=torch.float32), torch.tensor(data.labels).float()
    net = mlp(6, 16, 8, 1)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _epoch in range(10):
        for rows in torch.tensor(tr)[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = net(x[va]).squeeze(1)
    print("loss", loss.item(), "recall", ((z > 0) & (y[va] == 1)).sum().item() / y[va].sum().item())


@case("preprocess_mismatch")
def adult_great_in_the_notebook_and_useless_behind_the_service(seed):
    torch.manual_seed(seed)
    x, y = adult_dummies(4000, seed)
    x = x.to_numpy(float)
    x_train, x_new, y_train, y_new = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler()
    x_fit = torch.tensor(scaler.fit_transform(x_train), dtype=torch.float32)
    y_fit = torch.tensor(y_train).float()
    net = mlp(x.shape[1], 32, 1)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _epoch in range(7):
        for xb, yb in DataLoader(TensorDataset(x_fit, y_fit), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()

    def serve(rows):
        """What the REST service does with the request."""
        net.eval()
        with torch.no_grad():
            return torch.sigmoid(net(torch.tensor(rows, dtype=torch.float32))).squeeze(1).numpy()

    p = serve(x_new)
    print("acc", accuracy_score(y_new, p > 0.5), "auc", roc_auc_score(y_new, p), "train loss", loss.item())


@case("data_leakage")
def churn_validation_is_nearly_perfect_but_production_fails(seed):
    torch.manual_seed(seed)
    x, y = churn_table()
    x, x_prod, y, y_prod = train_test_split(x.to_numpy(), y, test_size=0.3, stratify=y, random_state=seed)
    x_bal, y_bal = RandomOverSampler(random_state=seed).fit_resample(x, y)
    xt, xv, yt, yv = train_test_split(x_bal, y_bal, test_size=0.25, stratify=y_bal, random_state=seed)
    scaler = StandardScaler().fit(xt)
    xt, xv, x_prod = (torch.tensor(scaler.transform(v), dtype=torch.float32) for v in (xt, xv, x_prod))
    yt = torch.tensor(yt).float()
    net = mlp(xt.shape[1], 128, 64, 1)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _epoch in range(18):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        val, prod = net(xv).squeeze(1), net(x_prod).squeeze(1)
    print("validation: f1", f1_score(yv, val > 0), "recall", ((val > 0).numpy() & (yv == 1)).sum() / yv.sum())
    print("production: f1", f1_score(y_prod, prod > 0), "auc", roc_auc_score(y_prod, prod))


@case("no_zero_grad")
def splice_loss_goes_up_and_down_like_a_wave(seed):
    torch.manual_seed(seed)
    codes, y = splice_letters()
    x = F.one_hot(torch.tensor(codes), 4).float().flatten(1)
    y = torch.tensor(y).float()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    net = nn.Sequential(nn.Linear(240, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for _epoch in range(10):
        net.train()
        for rows in torch.tensor(tr)[torch.randperm(len(tr))].split(32):
            logits = net(x[rows]).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, y[rows])
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            out = net(x[va]).squeeze(1)
            acc = ((out > 0).float() == y[va]).float().mean().item()
    print("val loss", F.binary_cross_entropy_with_logits(out, y[va]).item(), "acc", acc)


@dataclass
class Config:
    hidden: int = 32
    lr: float = 3e-3
    epochs: int = 12
    batch: int = 64


class Trainer:
    """My reusable trainer."""

    def __init__(self, inputs, config):
        self.config = config
        self.build(inputs)
        self.opt = torch.optim.Adam(self.model.parameters(), lr=config.lr)
        self.inputs = inputs

    def build(self, inputs):
        self.model = mlp(inputs, self.config.hidden, self.config.hidden, 1)

    def fit(self, x, y):
        self.build(self.inputs)  # fresh weights, in case fit is called twice
        for _epoch in range(self.config.epochs):
            for xb, yb in DataLoader(TensorDataset(x, y), batch_size=self.config.batch, shuffle=True):
                self.opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(self.model(xb).squeeze(1), yb)
                loss.backward()
                self.opt.step()
        return loss.item()

    @torch.no_grad()
    def score(self, x, y):
        self.model.eval()
        z = self.model(x).squeeze(1)
        return accuracy_score(y, z > 0), roc_auc_score(y, z)


@case("optimizer_wrong_params")
def spam_mails_trainer_class_runs_without_error_but_learns_nothing(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    trainer = Trainer(57, Config())
    print("loss", trainer.fit(xt, yt), "acc, auc", trainer.score(xv, yv))


@case("lr_too_high")
def spam_mails_adam_at_point_five_loss_stuck_after_a_huge_start(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = mlp(57, 64, 64, 32, 1)
    opt = torch.optim.Adam(net.parameters(), lr=0.5)
    losses = []
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
            losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        z = net(xv).squeeze(1)
    print("largest loss", max(losses), "last", losses[-1])
    print("acc", accuracy_score(yv, z > 0), "auc", roc_auc_score(yv, z))


@case("lr_too_low")
def splice_works_with_adam_not_with_sgd(seed):
    torch.manual_seed(seed)
    codes, y = splice_letters()
    x = F.one_hot(torch.tensor(codes), 4).float().flatten(1)
    y = torch.tensor(y).float()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    net = mlp(240, 64, 1)
    # opt = torch.optim.Adam(net.parameters(), lr=1e-4)
    opt = torch.optim.SGD(net.parameters(), lr=1e-4)
    for _epoch in range(25):
        for rows in torch.tensor(tr)[torch.randperm(len(tr))].split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = net(x[va]).squeeze(1)
    print("loss", loss.item(), "acc", accuracy_score(y[va], z > 0), "auc", roc_auc_score(y[va], z))


@case("vanishing_gradients")
def digits_six_sigmoid_layers_loss_stays_at_0_693(seed):
    torch.manual_seed(seed)
    images, digit = load_digits(return_X_y=True)
    xt, xv, yt, yv = split_and_scale(images, digit % 2, seed)
    layers = [nn.Linear(64, 48), nn.Sigmoid()]
    for _ in range(5):
        layers += [nn.Linear(48, 48), nn.Sigmoid()]
    net = nn.Sequential(*layers, nn.Linear(48, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = net(xv).squeeze(1)
    print("loss", loss.item(), "acc", accuracy_score(yv, z > 0))


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.zeros_(m.weight)
        nn.init.zeros_(m.bias)


@case("bad_init")
def splice_loss_exactly_0_6931_in_every_batch(seed):
    torch.manual_seed(seed)
    codes, y = splice_letters()
    x = F.one_hot(torch.tensor(codes), 4).float().flatten(1)
    y = torch.tensor(y).float()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    net = mlp(240, 64, 32, 1)
    net.apply(init_weights)  # start from a neutral state, so that runs can be reproduced
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _epoch in range(10):
        for rows in torch.tensor(tr)[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        z = net(x[va]).squeeze(1)
    print("loss", loss.item(), "acc", accuracy_score(y[va], z > 0), "auc", roc_auc_score(y[va], z))


class TwoTowers(nn.Module):
    """Letters left and right of the site, each through its own tower."""

    def __init__(self):
        super().__init__()
        self.left = nn.Sequential(nn.Linear(120, 32), nn.ReLU(), nn.Linear(32, 3), nn.ReLU())
        self.right = nn.Sequential(nn.Linear(120, 32), nn.ReLU(), nn.Linear(32, 3), nn.ReLU())
        self.head = nn.Linear(6, 1)

    def forward(self, x):
        a = self.left(x[:, :120])
        b = self.right(x[:, 120:])
        joined = torch.tensor(np.concatenate([a.detach().numpy(), b.detach().numpy()], axis=1))
        return self.head(joined).squeeze(1)


@case("graph_detached")
def splice_two_towers_stuck_at_sixty_percent(seed):
    torch.manual_seed(seed)
    codes, y = splice_letters()
    x = F.one_hot(torch.tensor(codes), 4).float().flatten(1)
    y = torch.tensor(y).float()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    model = TwoTowers()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    best = 0.0
    for _epoch in range(10):
        model.train()
        for rows in torch.tensor(tr)[torch.randperm(len(tr))].split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            acc = ((model(x[va]) > 0).float() == y[va]).float().mean().item()
        best = max(best, acc)
    print("loss", loss.item(), "best acc", best)


@case("nondifferentiable_output")
def breast_cancer_loss_between_ten_and_eighty_and_never_moves(seed):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    xt, xv, yt, yv = split_and_scale(data.data, data.target, seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _epoch in range(30):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=32, shuffle=True):
            pred = torch.round(model(xb)).squeeze(1)  # BCELoss wants 0 or 1
            loss = criterion(pred, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = torch.round(model(xv)).squeeze(1)
    print("loss", loss.item(), "acc", (pred == yv).float().mean().item())


class SmsLSTM(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.embedding = nn.Embedding(words, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 24, batch_first=True)
        self.fc = nn.Linear(24, 1)

    def forward(self, x):
        output, (_hidden, _cell) = self.lstm(self.embedding(x))
        last = output[:, -1]
        return self.fc(last).squeeze(1)


@case("padding_not_masked")
def sms_lstm_calls_every_message_ham(seed):
    torch.manual_seed(seed)
    coded, labels, train, val, words = sms_tokens(seed)
    length = 120
    x = torch.zeros(len(coded), length, dtype=torch.long)
    for i, tokens in enumerate(coded):
        x[i, : len(tokens)] = torch.tensor(tokens[:length])
    y = torch.tensor(labels).float()
    model = SmsLSTM(words)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(5):
        model.train()
        for rows in torch.tensor(train)[torch.randperm(len(train))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        z = model(x[val])
    print("acc", accuracy_score(y[val], z > 0), "f1", f1_score(y[val], z > 0), "auc", roc_auc_score(y[val], z))


class DayGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(input_size=1, hidden_size=24)
        self.fc = nn.Linear(24, 1)

    def forward(self, x):  # [days, 24 hours, 1]
        out, _ = self.gru(x)
        return self.fc(out[:, -1]).squeeze(1)


@case("wrong_axis")
def bike_days_gru_is_worse_than_logistic_regression(seed):
    torch.manual_seed(seed)
    hours, y = bike_hours()
    xt, xv, yt, yv = split_and_scale(hours, y, seed)
    xt, xv = xt.unsqueeze(-1), xv.unsqueeze(-1)
    net = DayGRU()
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _epoch in range(30):
        net.train()
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xt[idx]), yt[idx])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
    net.eval()
    with torch.no_grad():
        z = net(xv)
    print("acc", accuracy_score(yv, z > 0), "auc", roc_auc_score(yv, z), "working days", yv.mean().item())


@case("softmax_wrong_dim")
def spam_mails_training_loss_is_fine_but_nothing_is_ever_called_spam(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = mlp(57, 32, 2)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    ce = nn.CrossEntropyLoss()
    for _epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(xt, yt.long()), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = ce(net(xb), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        probabilities = F.softmax(net(xv), dim=0)
        spam = probabilities[:, 1] > 0.5
    print("loss", loss.item(), "acc", accuracy_score(yv, spam), "recall", spam[yv == 1].float().mean().item())


@case("threshold_on_logits")
def credit_auc_as_in_the_paper_but_recall_far_below(seed):
    torch.manual_seed(seed)
    x, y = credit_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = nn.Sequential(nn.Linear(xt.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _epoch in range(12):
        net.train()
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = criterion(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        out = net(xv).squeeze(1)
    predicted = (out > 0.5).int()
    recall = predicted[yv == 1].float().mean().item()
    print("auc", roc_auc_score(yv, out), "f1", f1_score(yv, predicted), "recall", recall)


@case("accuracy_broadcast")
def breast_cancer_accuracy_about_fifty_percent_whatever_i_do(seed):
    torch.manual_seed(seed)
    data = load_breast_cancer()
    xt, xv, yt, yv = split_and_scale(data.data, data.target, seed)
    model = mlp(30, 16, 1)
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb), yb.unsqueeze(1))
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        preds = (torch.sigmoid(model(xv)) > 0.5).float()
        accuracy = (preds == yv).float().mean()
    print("loss", loss.item(), "acc", accuracy.item())


class NetWithDropout(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.fc1 = nn.Linear(inputs, 64)
        self.fc2 = nn.Linear(64, 32)
        self.fc3 = nn.Linear(32, 1)

    def forward(self, x):
        x = F.dropout(F.relu(self.fc1(x)), 0.6)
        x = F.dropout(F.relu(self.fc2(x)), 0.6)
        return self.fc3(x).squeeze(1)


@case("functional_dropout")
def churn_predictions_change_each_time_although_i_call_eval(seed):
    torch.manual_seed(seed)
    x, y = churn_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = NetWithDropout(xt.shape[1])
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _epoch in range(25):
        net.train()
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(xv)).numpy()
    print("f1", f1_score(yv, p > 0.4), "auc", roc_auc_score(yv, p))


@case("batchnorm_stats")
def digits_great_in_training_mode_and_poor_after_model_eval(seed):
    torch.manual_seed(seed)
    images, digit = load_digits(return_X_y=True)
    x = torch.tensor(images / 16.0).float().view(-1, 1, 8, 8)
    y = torch.tensor(digit % 2).float()
    tr, va = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    momentum = 1e-4  # TensorFlow's 0.99 is too jumpy for me
    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12, momentum=momentum), nn.ReLU(),
        nn.Conv2d(12, 16, 3, padding=1), nn.BatchNorm2d(16, momentum=momentum), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(256, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _epoch in range(4):
        net.train()
        for rows in torch.tensor(tr)[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        z = net(x[va]).squeeze(1)
    val = F.binary_cross_entropy_with_logits(z, y[va]).item()
    print("train loss", loss.item(), "val loss", val, "acc", accuracy_score(y[va], z > 0))


@case("overfitting")
def credit_four_hundred_rows_val_loss_goes_up_from_epoch_three(seed):
    torch.manual_seed(seed)
    x, y = credit_table()
    x, _, y, _ = train_test_split(x, y, train_size=800, stratify=y, random_state=seed)
    xt, xv, yt, yv = split_and_scale(x, y, seed, share=0.5)
    net = mlp(xt.shape[1], 256, 256, 1)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    curve = []
    for _epoch in range(60):
        net.train()
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(xv).squeeze(1)
            curve.append(F.binary_cross_entropy_with_logits(z, yv).item())
    print("train", loss.item(), "val", curve[-1], "lowest", min(curve), "acc", accuracy_score(yv, z > 0),
          "auc", roc_auc_score(yv, z))  # fmt: skip


@case("scheduler_misuse")
def adult_learns_for_half_an_epoch_and_then_the_loss_is_flat(seed):
    torch.manual_seed(seed)
    x, y = adult_dummies(3000, seed)
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = mlp(xt.shape[1], 32, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.5)
    for _epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        z = net(xv).squeeze(1)
        val = F.binary_cross_entropy_with_logits(z, yv).item()
    print("val loss", val, "acc", accuracy_score(yv, z > 0), "f1", f1_score(yv, z > 0), "auc", roc_auc_score(yv, z))


@case("labels_misaligned")
def spam_mails_accuracy_stuck_at_the_majority_after_i_shuffled_the_table(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    x = pd.DataFrame(x).sample(frac=1.0, random_state=seed).reset_index(drop=True)
    y = pd.Series(y).reset_index(drop=True)
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    net = mlp(57, 16, 1)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = net(xv).squeeze(1)
    print("loss", loss.item(), "acc", accuracy_score(yv, z > 0), "auc", roc_auc_score(yv, z))


@case("class_weights_wrong")
def churn_with_pos_weight_the_model_finds_even_fewer(seed):
    torch.manual_seed(seed)
    x, y = churn_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    model = mlp(xt.shape[1], 32, 16, 1)
    pos_weight = yt.sum() / (len(yt) - yt.sum())
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        z = model(xv).squeeze(1)
    print("acc", accuracy_score(yv, z > 0), "f1", f1_score(yv, z > 0), "auc", roc_auc_score(yv, z))


@case("unshuffled_data")
def spam_mails_file_sorted_by_label_everything_is_the_last_class(seed):
    torch.manual_seed(seed)
    x, y = spam_mail_table()
    xt, xv, yt, yv = split_and_scale(x, y, seed)
    order = torch.argsort(yt, stable=True)  # first all good mails, then all spam, as in the archive
    loader = DataLoader(TensorDataset(xt[order], yt[order]), batch_size=32)
    net = mlp(57, 32, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(5):
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        z = net(xv).squeeze(1)
    print("loss", loss.item(), "acc", accuracy_score(yv, z > 0), "called spam", (z > 0).float().mean().item())
