"""Sound trainings that a quick look would accuse: unusual losses, phases, two networks, rows of their own kind."""

import itertools

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold, train_test_split
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


@case("healthy")
def adult_entity_embeddings_one_cycle(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop(columns="education")
    target = table.pop("income_gt_50k").to_numpy(np.float32)
    table[["capital-gain", "capital-loss"]] = table[["capital-gain", "capital-loss"]].astype(str)
    numbers = list(table.select_dtypes("number").columns)
    categories = [c for c in table.columns if c not in numbers]
    rows = np.arange(len(table))
    train, rest = train_test_split(rows, test_size=0.3, stratify=target, random_state=seed)
    valid, test = train_test_split(rest, test_size=0.5, stratify=target[rest], random_state=seed)

    coded = np.zeros((len(table), len(categories)), dtype=np.int64)
    sizes = []
    for j, column in enumerate(categories):
        known = sorted(table[column].iloc[train].unique())
        coded[:, j] = table[column].map({value: i + 1 for i, value in enumerate(known)}).fillna(0)
        sizes.append(len(known) + 1)
    values = table[numbers].to_numpy(np.float32)
    values = (values - values[train].mean(0)) / values[train].std(0)

    class Tabular(nn.Module):
        def __init__(self):
            super().__init__()
            self.tables = nn.ModuleList(nn.Embedding(n, min(6, 1 + n // 2)) for n in sizes)
            width = sum(t.embedding_dim for t in self.tables) + len(numbers)
            self.body = nn.Sequential(
                nn.Dropout(0.1), nn.Linear(width, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1)
            )

        def forward(self, codes, numeric):
            found = [t(codes[:, j]) for j, t in enumerate(self.tables)]
            return self.body(torch.cat([*found, numeric], dim=1)).squeeze(1)

    def part(index):
        return TensorDataset(*map(torch.from_numpy, (coded[index], values[index], target[index])))

    model = Tabular()
    loader = DataLoader(part(train), batch_size=128, shuffle=True)
    epochs = 8
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=epochs * len(loader))

    def scores(index):
        model.eval()
        with torch.no_grad():
            codes, numeric, labels = part(index).tensors
            out = model(codes, numeric)
            return F.binary_cross_entropy_with_logits(out, labels).item(), roc_auc_score(labels, out), out

    for epoch in range(epochs):
        model.train()
        total = 0.0
        for codes, numeric, labels in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(codes, numeric), labels)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(labels)
        loss, auc, _ = scores(valid)
        print(f"epoch {epoch + 1}: train {total / len(train):.4f}  valid {loss:.4f}  auc {auc:.4f}")
    loss, auc, out = scores(test)
    print(f"test: loss {loss:.4f}  auc {auc:.4f}  accuracy {((out > 0).numpy() == target[test]).mean():.4f}")


@case("healthy")
def mammographic_grouped_lbfgs_double(seed: int) -> None:
    masses = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    masses["birads"] = masses["birads"].replace(55, 5)
    y = torch.from_numpy(masses.pop("malignant").to_numpy(np.float64))
    groups = masses.astype(str).agg("-".join, axis=1)
    x = pd.get_dummies(masses, columns=["shape", "margin"], dtype=float)
    x["age2"] = x["age"] ** 2
    train, test = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(x, y, groups))
    x = torch.from_numpy(x.to_numpy(np.float64))
    mean, std = x[train].mean(0), x[train].std(0)
    x = (x - mean) / std
    w = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([w], max_iter=60, line_search_fn="strong_wolfe")
    calls = []

    def nll(rows):
        z = x[rows] @ w[1:] + w[0]
        return (F.softplus(z) - y[rows] * z).mean()

    def closure():
        solver.zero_grad()
        value = nll(train) + 5e-3 * w[1:].pow(2).sum()
        value.backward()
        calls.append(value.item())
        return value

    solver.step(closure)
    print(f"{len(calls)} evaluations, objective {calls[0]:.4f} -> {calls[-1]:.4f}, gradient {w.grad.norm():.1e}")
    with torch.no_grad():
        z = x[test] @ w[1:] + w[0]
        print(f"held-out masses: nll {nll(test):.4f}  auc {roc_auc_score(y[test], z):.4f}  "
              f"accuracy {((z > 0) == (y[test] == 1)).double().mean():.4f}")  # fmt: skip


@case("healthy")
def splice_conv_early_stopping(seed: int) -> None:
    torch.manual_seed(seed)
    genes = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence")
    letters = np.stack([np.frombuffer(s.encode(), dtype=np.uint8) for s in genes["sequence"]])
    onehot = torch.from_numpy(np.stack([letters == ord(b) for b in "ACGT"], axis=1)).float()
    label = torch.tensor(genes["is_junction"].to_numpy())
    order = torch.randperm(len(label))
    tr, va, te = order[:1900], order[1900:2400], order[2400:]

    net = nn.Sequential(
        nn.Conv1d(4, 20, 9, padding=4), nn.BatchNorm1d(20), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(20, 20, 5, padding=2), nn.BatchNorm1d(20), nn.ReLU(), nn.MaxPool1d(2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(20 * 15, 2),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
    best, best_state, waited = float("inf"), None, 0
    for epoch in range(20):
        net.train()
        for rows in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            F.cross_entropy(net(onehot[rows]), label[rows]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            current = F.cross_entropy(net(onehot[va]), label[va]).item()
        print(f"{epoch:2d} validation loss {current:.4f}")
        if current < best - 1e-4:
            best, waited = current, 0
            best_state = {k: v.clone() for k, v in net.state_dict().items()}
        else:
            waited += 1
            if waited == 3:
                break
    net.load_state_dict(best_state)
    net.eval()
    with torch.no_grad():
        logits = net(onehot[te])
    print(f"test accuracy {(logits.argmax(1) == label[te]).float().mean():.4f}  "
          f"auc {roc_auc_score(label[te], logits.softmax(1)[:, 1]):.4f}")  # fmt: skip


@case("healthy")
def first_names_packed_bigru(seed: int) -> None:
    torch.manual_seed(seed)
    names = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    share = names.pivot_table(index="name", columns="list", values="percent", fill_value=0.0)
    share = share[(share["M"] > 3 * share["F"]) | (share["F"] > 3 * share["M"])]
    words = list(share.index)
    male = torch.tensor((share["M"] > share["F"]).to_numpy(), dtype=torch.float32)
    codes = [torch.tensor([ord(ch) - 64 for ch in w]) for w in words]
    fit, held = train_test_split(np.arange(len(words)), test_size=0.3, stratify=male, random_state=seed)

    class Reader(nn.Module):
        def __init__(self, hidden=32):
            super().__init__()
            self.embed = nn.Embedding(27, 12, padding_idx=0)
            self.gru = nn.GRU(12, hidden, batch_first=True, bidirectional=True)
            self.drop = nn.Dropout(0.3)
            self.out = nn.Linear(2 * hidden, 1)

        def forward(self, batch, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(
                self.embed(batch), lengths, batch_first=True, enforce_sorted=False
            )
            _, last = self.gru(packed)
            return self.out(self.drop(torch.cat([last[0], last[1]], dim=1))).view(-1)

    def collate(index):
        chosen = [codes[i] for i in index]
        padded = nn.utils.rnn.pad_sequence(chosen, batch_first=True)
        return padded, torch.tensor([len(c) for c in chosen]), male[index]

    loader = DataLoader(fit.tolist(), batch_size=128, shuffle=True, collate_fn=collate)
    reader = Reader()
    optimiser = torch.optim.Adam(reader.parameters(), lr=8e-3)
    decay = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.88)
    everything = collate(held.tolist())
    for epoch in range(12):
        reader.train()
        running = 0
        for batch, lengths, labels in loader:
            optimiser.zero_grad()
            loss = F.binary_cross_entropy_with_logits(reader(batch, lengths), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 5.0)
            optimiser.step()
            running += loss.item() / len(loader)
        decay.step()
        reader.eval()
        with torch.inference_mode():
            z = reader(*everything[:2])
        loss = F.binary_cross_entropy_with_logits(z, everything[2])
        print(f"epoch {epoch}  train {running:.3f}  held out {loss:.3f}  "
              f"auc {roc_auc_score(everything[2], z):.3f}  f1 {f1_score(everything[2], z > 0):.3f}")  # fmt: skip


@case("healthy")
def payments_past_mean_average_precision(seed: int) -> None:
    torch.manual_seed(seed)
    pay = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz").sort_values(["user", "nr"])
    past = pay.groupby("user")["amount"].transform(lambda a: a.shift().expanding().mean())
    pay["usual"] = np.log(past.fillna(pay["amount"].median()))
    pay["first"] = past.isna().astype(float)
    pay["ratio"] = np.where(past.isna(), 0.0, np.log(pay["amount"]) - pay["usual"])
    pay["log_amount"] = np.log(pay["amount"])
    pay["night_sin"], pay["night_cos"] = np.sin(pay["hour"] * np.pi / 12), np.cos(pay["hour"] * np.pi / 12)
    columns = ["log_amount", "usual", "first", "ratio", "night_sin", "night_cos", "foreign", "online"]
    users = np.random.default_rng(seed).permutation(pay["user"].unique())
    masks = [pay["user"].isin(group).to_numpy() for group in np.split(users, [260, 330])]
    raw = pay[columns].to_numpy(np.float32)
    centre, spread = raw[masks[0]].mean(0), raw[masks[0]].std(0)
    xs = [torch.from_numpy((raw[m] - centre) / spread) for m in masks]
    ys = [torch.from_numpy(pay["fraud"].to_numpy(np.float32)[m]) for m in masks]
    print("share of fraud:", [round(y.mean().item(), 3) for y in ys])

    net = nn.Sequential(nn.Linear(len(columns), 32), nn.SiLU(), nn.Linear(32, 16), nn.SiLU(), nn.Linear(16, 1))
    with torch.no_grad():
        net[-1].weight.mul_(0.1)
        net[-1].bias.fill_(torch.logit(ys[0].mean()).item())
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    batches = DataLoader(TensorDataset(xs[0], ys[0]), batch_size=200, shuffle=True)
    for epoch in range(15):
        for xb, yb in batches:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).flatten(), yb).backward()
            opt.step()
        with torch.no_grad():
            z = net(xs[1]).flatten()
            loss = F.binary_cross_entropy_with_logits(z, ys[1])
            print(f"{epoch}: loss {loss:.4f} AP {average_precision_score(ys[1], z):.3f}")
    with torch.no_grad():
        valid, test = (net(x).flatten().sigmoid().numpy() for x in xs[1:])
    cuts = np.linspace(0.05, 0.6, 56)
    cut = cuts[int(np.argmax([f1_score(ys[1], valid > c) for c in cuts]))]
    print(f"test users: AP {average_precision_score(ys[2], test):.3f}")
    print(f"F1 {f1_score(ys[2], test > cut):.3f} at {cut:.2f}")


@case("healthy")
def credit_missing_indicators_scaler_inside(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    frame = loans.features.copy()
    amounts = ["Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
    missing = frame[["Income", "Assets", "Debt"]].isna().astype(float).add_suffix("_missing")
    frame[amounts] = np.log1p(frame[amounts].clip(lower=0))
    wide = pd.concat([pd.get_dummies(frame, dummy_na=True, dtype=float), missing], axis=1)
    x, y = torch.tensor(wide.to_numpy(np.float32)), torch.tensor(loans.labels, dtype=torch.float32)
    idx, hold = train_test_split(np.arange(len(y)), test_size=0.25, stratify=loans.labels, random_state=seed)

    class Standardised(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.register_buffer("median", torch.zeros(width))
            self.register_buffer("mean", torch.zeros(width))
            self.register_buffer("std", torch.ones(width))
            self.layers = nn.Sequential(nn.Linear(width, 48), nn.GELU(), nn.Dropout(0.3), nn.Linear(48, 1))

        def fill(self, rows):
            return torch.where(torch.isnan(rows), self.median, rows)

        def fit_buffers(self, rows):
            self.median.copy_(rows.nanmedian(dim=0).values)
            filled = self.fill(rows)
            self.mean.copy_(filled.mean(0))
            self.std.copy_(filled.std(0).clamp_min(0.1))
            return self

        def forward(self, rows):
            return self.layers((self.fill(rows) - self.mean) / self.std)[:, 0]

    model = Standardised(x.shape[1]).fit_buffers(x[idx])
    opt = torch.optim.AdamW(model.parameters(), lr=1.5e-3, weight_decay=0.05)
    generator = torch.Generator().manual_seed(seed)
    for _epoch in range(16):
        model.train()
        for batch in torch.randperm(len(idx), generator=generator).split(96):
            rows = idx[batch.numpy()]
            loss = nn.functional.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        risk = model(x[hold]).sigmoid().numpy()
    cost_of_default, cost_of_refusal = 3.0, 1.0
    refuse = risk > cost_of_refusal / (cost_of_refusal + cost_of_default)
    truth = loans.labels[hold] == 1
    cost = cost_of_default * (truth & ~refuse).mean() + cost_of_refusal * (~truth & refuse).mean()
    print(f"AUC {roc_auc_score(truth, risk):.4f}, refused {refuse.mean():.1%}, cost per loan {cost:.3f} "
          f"(all accepted: {cost_of_default * truth.mean():.3f})")  # fmt: skip


@case("healthy")
def churn_five_folds_out_of_fold_auc(seed: int) -> None:
    customers = load("mlc_churn")
    frame = customers.features.drop(columns=["state", "area_code"])
    frame = frame.drop(columns=[c for c in frame.columns if c.endswith("_charge")])
    frame["calls_3_or_fewer"] = np.minimum(frame["number_customer_service_calls"], 3)
    x = pd.get_dummies(frame, drop_first=True, dtype=float).to_numpy(np.float32)
    y = customers.labels.astype(np.float32)
    out_of_fold = np.full(len(y), np.nan)

    def train_one(xt, yt, number):
        torch.manual_seed(100 * seed + number)
        net = nn.Sequential(nn.Linear(xt.shape[1], 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))
        opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=0.03)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 20)
        xt, yt = torch.from_numpy(xt), torch.from_numpy(yt)
        for _ in range(20):
            net.train()
            for batch in torch.randperm(len(yt)).split(128):
                opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(net(xt[batch]).squeeze(-1), yt[batch])
                loss.backward()
                opt.step()
            schedule.step()
        return net.eval()

    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    for number, (fit, hold) in enumerate(folds.split(x, y)):
        mean, std = x[fit].mean(0), x[fit].std(0)
        net = train_one((x[fit] - mean) / std, y[fit], number)
        with torch.no_grad():
            out_of_fold[hold] = net(torch.from_numpy((x[hold] - mean) / std)).sigmoid().squeeze(-1).numpy()
        print(f"fold {number}: auc {roc_auc_score(y[hold], out_of_fold[hold]):.4f}")
    assert not np.isnan(out_of_fold).any()
    print(f"pooled: auc {roc_auc_score(y, out_of_fold):.4f}  ap {average_precision_score(y, out_of_fold):.4f}")


@case("healthy")
def spambase_search_then_retrain(seed: int) -> None:
    mails = load("spambase").distinct()
    x = np.log1p(mails.numbers).astype(np.float32)
    y = mails.labels.astype(np.float32)
    keep, x_test, y_keep, y_test = train_test_split(x, y, test_size=0.25, stratify=y, random_state=seed)
    x_fit, x_dev, y_fit, y_dev = train_test_split(keep, y_keep, test_size=0.25, stratify=y_keep, random_state=seed)

    def run(a, b, other, truth, lr, width, epochs=8):
        torch.manual_seed(seed)
        loc, scale = a.mean(0), a.std(0)
        a, other = torch.from_numpy((a - loc) / scale), torch.from_numpy((other - loc) / scale)
        b = torch.from_numpy(b)
        net = nn.Sequential(nn.Linear(57, width), nn.Tanh(), nn.Dropout(0.2), nn.Linear(width, 1))
        opt = torch.optim.RMSprop(net.parameters(), lr=lr, weight_decay=1e-3)
        for _ in range(epochs):
            net.train()
            for rows in torch.randperm(len(b)).split(64):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(a[rows])[:, 0], b[rows]).backward()
                opt.step()
        net.eval()
        with torch.no_grad():
            z = net(other)[:, 0].numpy()
        loss = np.mean(np.logaddexp(0, z) - truth * z)
        return loss, roc_auc_score(truth, z), np.mean((z > 0) == (truth == 1))

    results = {}
    for lr in (3e-4, 1e-3, 3e-3):
        for width in (16, 48):
            results[lr, width] = run(x_fit, y_fit, x_dev, y_dev, lr, width)
            print(f"lr {lr:g} width {width}: loss {results[lr, width][0]:.4f} auc {results[lr, width][1]:.4f}")
    lr, width = min(results, key=lambda k: results[k][0])
    loss, auc, accuracy = run(keep, y_keep, x_test, y_test, lr, width)
    print(f"chosen lr {lr:g} width {width}; test loss {loss:.4f} auc {auc:.4f} accuracy {accuracy:.4f}")


@case("healthy")
def quiet_sms_embedding_bag_offsets(seed: int) -> None:
    torch.manual_seed(seed)
    messages = load("sms_spam").distinct()
    texts = [[w.strip(".,!?:;()\"'") for w in t.lower().split()] for t in messages.features["text"]]
    y = messages.labels
    fit, held = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    counts = pd.Series([w for i in fit for w in set(texts[i])]).value_counts()
    vocabulary = {w: k + 1 for k, w in enumerate(counts[counts >= 3].index)}

    def shape(word):
        if any(ch.isdigit() for ch in word):
            return len(vocabulary) + 1 + min(len(word), 12)
        return vocabulary.get(word, 0)

    ids = [torch.tensor([shape(w) for w in words] or [0]) for words in texts]

    def batch_of(rows):
        lengths = torch.tensor([len(ids[i]) for i in rows])
        starts = torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)[:-1]])
        return torch.cat([ids[i] for i in rows]), starts, torch.tensor(y[rows])

    class Bag(nn.Module):
        def __init__(self, words):
            super().__init__()
            self.bag = nn.EmbeddingBag(words, 16, mode="mean")
            self.out = nn.Linear(16, 2)
            nn.init.uniform_(self.bag.weight, -0.1, 0.1)

        def forward(self, flat, starts):
            return self.out(F.dropout(self.bag(flat, starts), 0.4, self.training))

    net = Bag(len(vocabulary) + 14)
    opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=2e-4)
    rng = np.random.default_rng(seed)
    for epoch in range(10):
        net.train()
        losses = []
        for rows in np.array_split(rng.permutation(fit), len(fit) // 64):
            flat, starts, labels = batch_of(rows)
            loss = F.cross_entropy(net(flat, starts), labels)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        net.eval()
        flat, starts, labels = batch_of(held)
        with torch.no_grad():
            logits = net(flat, starts)
        predicted = logits.argmax(dim=1)
        print(f"{epoch}: train {np.mean(losses):.3f} held-out {F.cross_entropy(logits, labels):.3f} f1 "
              f"{f1_score(labels, predicted):.3f}")  # fmt: skip


@case("healthy")
def digits_denoising_autoencoder_then_head(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    x = torch.tensor(bunch.images, dtype=torch.float32).flatten(1) / 16
    y = torch.tensor(bunch.target % 2, dtype=torch.float32)
    order = torch.randperm(len(y))
    train, held = order[:1200], order[1200:]
    encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 24))
    decoder = nn.Sequential(nn.ReLU(), nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 64))

    reconstruction = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    for _epoch in range(15):
        for rows in train[torch.randperm(len(train))].split(50):
            noisy = x[rows] * (torch.rand_like(x[rows]) > 0.2)
            loss = F.mse_loss(decoder(encoder(noisy)), x[rows])
            reconstruction.zero_grad()
            loss.backward()
            reconstruction.step()
    print(f"reconstruction {loss:.4f} (variance of the pixels {x[train].var(0).mean():.4f})")

    classifier = nn.Sequential(encoder, nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(
        [{"params": encoder.parameters(), "lr": 2e-3}, {"params": classifier[2].parameters(), "lr": 5e-3}]
    )
    for _epoch in range(30):
        for rows in train[torch.randperm(len(train))].split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(classifier(x[rows]), y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        z = classifier(x[held])
    print(f"odd or even: auc {roc_auc_score(y[held], z):.4f}, "
          f"accuracy {((z > 0) == y[held].bool()).float().mean():.4f}")  # fmt: skip


@case("healthy")
def digits_transfer_freeze_then_unfreeze(seed: int) -> None:
    torch.manual_seed(seed)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 8 - 1
    target = torch.tensor(digits.target)
    source = target < 6
    mine = torch.isin(target, torch.tensor([7, 9])).nonzero().squeeze(1)
    mine = mine[torch.randperm(len(mine))]
    few, valid = mine[:120], mine[120:]
    backbone = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
    )  # fmt: skip

    def fit(model, x, t, epochs, loss_of, groups):
        opt = torch.optim.Adam(groups)
        for _ in range(epochs):
            for rows in torch.randperm(len(t)).split(32):
                opt.zero_grad()
                loss = loss_of(model(x[rows]), t[rows])
                loss.backward()
                opt.step()
        return loss.item()

    old_head = nn.Linear(128, 6)
    loss = fit(nn.Sequential(backbone, old_head), images[source], target[source], 8, F.cross_entropy,
               [{"params": [*backbone.parameters(), *old_head.parameters()], "lr": 2e-3}])  # fmt: skip
    print(f"source digits 0 to 5: last batch {loss:.4f}")

    head = nn.Linear(128, 1)
    network = nn.Sequential(backbone, head, nn.Flatten(0))
    y = (target == 9).float()
    bce = F.binary_cross_entropy_with_logits
    for p in backbone.parameters():
        p.requires_grad_(False)
    fit(network, images[few], y[few], 20, bce, [{"params": head.parameters(), "lr": 5e-3}])
    for p in backbone.parameters():
        p.requires_grad_(True)
    loss = fit(network, images[few], y[few], 25, bce,
               [{"params": backbone.parameters(), "lr": 8e-4}, {"params": head.parameters(), "lr": 1e-3}])  # fmt: skip
    with torch.no_grad():
        z = network(images[valid])
    print(f"7 against 9: loss {loss:.4f}, validation {bce(z, y[valid]):.4f}, "
          f"accuracy {((z > 0).float() == y[valid]).float().mean():.4f}")  # fmt: skip


@case("healthy")
def spambase_distilled_from_forest_teacher(seed: int) -> None:
    from sklearn.ensemble import RandomForestClassifier

    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed, raw=True)
    x, xv = torch.log1p(x), torch.log1p(xv)
    mean, std = x.mean(0), x.std(0) + 1e-3
    x, xv = (x - mean) / std, (xv - mean) / std
    teacher = RandomForestClassifier(300, min_samples_leaf=2, oob_score=True, random_state=seed).fit(x, y)
    soft = torch.tensor(teacher.oob_decision_function_[:, 1], dtype=torch.float32)
    student = nn.Sequential(nn.Linear(x.shape[1], 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.AdamW(student.parameters(), lr=1e-3, weight_decay=0.1)
    for _epoch in range(20):
        student.train()
        for rows in torch.randperm(len(y)).split(64):
            z = student(x[rows]).squeeze(1)
            hard = F.binary_cross_entropy_with_logits(z, y[rows])
            imitation = F.binary_cross_entropy_with_logits(z, soft[rows])
            opt.zero_grad()
            (0.3 * hard + 0.7 * imitation).backward()
            opt.step()
    with torch.no_grad():
        z = student(xv).squeeze(1)
    print(f"teacher auc {roc_auc_score(yv, teacher.predict_proba(xv)[:, 1]):.3f}, "
          f"student auc {roc_auc_score(yv, z):.3f}, "
          f"student loss {F.binary_cross_entropy_with_logits(z, yv):.3f}")  # fmt: skip


@case("healthy")
def digits_two_heads_shared_trunk(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    x = torch.tensor(bunch.images / 16.0, dtype=torch.float32)[:, None]
    digit = torch.tensor(bunch.target)
    large = (digit >= 5).float()
    perm = torch.randperm(len(digit))
    tr, va = perm[:1200], perm[1200:]

    class TwoHeads(nn.Module):
        def __init__(self):
            super().__init__()
            self.trunk = nn.Sequential(
                nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(),
                nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 48), nn.ReLU(),
            )  # fmt: skip
            self.large, self.digit = nn.Linear(48, 1), nn.Linear(48, 10)
            self.log_variance = nn.Parameter(torch.zeros(2))

        def forward(self, images):
            h = self.trunk(images)
            return self.large(h).squeeze(1), self.digit(h)

    def losses(model, rows):
        a, b = model(x[rows])
        return torch.stack([F.binary_cross_entropy_with_logits(a, large[rows]), F.cross_entropy(b, digit[rows])])

    model = TwoHeads()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    fade = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 22)
    for epoch in range(22):
        for rows in torch.split(tr[torch.randperm(len(tr))], 50):
            each = losses(model, rows)
            total = (torch.exp(-model.log_variance) * each + 0.5 * model.log_variance).sum()
            opt.zero_grad()
            total.backward()
            opt.step()
        fade.step()
        with torch.no_grad():
            held = losses(model, va)
        print(f"epoch {epoch + 1}: objective {total:.3f}, held out: large {held[0]:.3f} digit {held[1]:.3f}")
    with torch.no_grad():
        z, _ = model(x[va])
    hits = ((z > 0).float() == large[va]).float().mean()
    print(f"large digit: accuracy {hits:.4f}  auc {roc_auc_score(large[va], z):.4f}")


@case("healthy")
def moons_mixup_soft_targets(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    anneal = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 30, eta_min=1e-4)
    mixing = torch.distributions.Beta(0.2, 0.2)
    for epoch in range(30):
        seen = 0.0
        for rows in torch.randperm(len(y)).split(50):
            partner = rows[torch.randperm(len(rows))]
            share = mixing.sample((len(rows), 1))
            blend = share * x[rows] + (1 - share) * x[partner]
            soft = share * y[rows, None] + (1 - share) * y[partner, None]
            loss = F.binary_cross_entropy_with_logits(net(blend), soft)
            opt.zero_grad()
            loss.backward()
            opt.step()
            seen += loss.item() * len(rows)
        anneal.step()
        with torch.no_grad():
            z = net(xv)
            val = F.binary_cross_entropy_with_logits(z, yv[:, None])
        if epoch % 5 == 4:
            hits = ((z > 0).float() == yv[:, None]).float().mean()
            print(f"epoch {epoch + 1}  mixed loss {seen / len(y):.3f}  validation loss {val:.3f}  accuracy {hits:.3f}")


@case("healthy")
def attention_over_visits_key_padding(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def make(rows, longest=10):
        length = rng.integers(2, longest + 1, rows)
        severity, mark = rng.random((rows, longest)), rng.integers(0, 2, (rows, longest))
        empty = np.arange(longest) >= length[:, None]
        worst = np.where(empty, -1, severity).argmax(1)
        label = mark[np.arange(rows), worst] ^ (rng.random(rows) < 0.04)
        visits = np.stack([2 * severity - 1, 2 * mark - 1, rng.normal(size=severity.shape)], axis=2)
        visits[empty] = 0
        return [torch.tensor(visits).float(), torch.tensor(empty), torch.tensor(label).float()]

    class Pool(nn.Module):
        def __init__(self, width=32):
            super().__init__()
            self.lift = nn.Sequential(nn.Linear(3, width), nn.ReLU(), nn.Linear(width, width))
            self.query = nn.Parameter(0.1 * torch.randn(1, 1, width))
            self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
            self.final = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 1))

        def forward(self, visits, empty):
            h = self.lift(visits)
            query = self.query.expand(len(h), -1, -1)
            pooled, weights = self.attention(query, h, h, key_padding_mask=empty)
            return self.final(pooled[:, 0])[:, 0], weights

    train, valid = TensorDataset(*make(2000)), make(800)
    model = Pool()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    decay = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)
    for epoch in range(12):
        for visits, empty, label in DataLoader(train, batch_size=64, shuffle=True):
            out, _ = model(visits, empty)
            loss = F.binary_cross_entropy_with_logits(out, label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        decay.step()
        with torch.no_grad():
            z, weights = model(*valid[:2])
            tl = F.binary_cross_entropy_with_logits(model(*train.tensors[:2])[0], train.tensors[2])
        assert weights[valid[1][:, None]].abs().max() == 0
        print(f"epoch {epoch:2d}  train {tl:.3f}  valid {F.binary_cross_entropy_with_logits(z, valid[2]):.3f}  "
              f"auc {roc_auc_score(valid[2], z):.3f}")  # fmt: skip


@case("healthy")
def siamese_same_digit_contrastive(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bunch = load_digits()
    pictures = torch.tensor(bunch.data, dtype=torch.float32) / 16
    order = rng.permutation(len(bunch.target))
    pools = np.split(order, [1000, 1400])

    def pairs(pool, number):
        first = rng.choice(pool, number)
        same = rng.random(number) < 0.5
        second = np.empty(number, dtype=int)
        for i in range(number):
            alike = bunch.target[pool] == bunch.target[first[i]]
            alike = alike & (pool != first[i]) if same[i] else ~alike
            second[i] = rng.choice(pool[alike])
        return torch.tensor(first), torch.tensor(second), torch.tensor(same).float()

    tower = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
    opt = torch.optim.Adam(tower.parameters(), lr=2e-3)
    va, te = pairs(pools[1], 1000), pairs(pools[2], 1000)

    def distance(a, b):
        return (tower(pictures[a]) - tower(pictures[b])).square().sum(1).add(1e-9).sqrt()

    def contrastive(d, same, margin=2.0):
        return (same * d**2 + (1 - same) * F.relu(margin - d) ** 2).mean()

    for epoch in range(20):
        a, b, same = pairs(pools[0], 2000)
        for rows in torch.arange(2000).split(50):
            loss = contrastive(distance(a[rows], b[rows]), same[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            d = distance(*va[:2])
        if epoch % 4 == 3:
            print(f"{epoch + 1}: contrastive {contrastive(d, va[2]):.4f}  auc {roc_auc_score(va[2], -d):.4f}")
    cut = max(torch.linspace(0.3, 2.0, 60), key=lambda c: ((d < c).float() == va[2]).float().mean())
    with torch.no_grad():
        d = distance(*te[:2])
    print(f"test pairs: auc {roc_auc_score(te[2], -d):.4f}, accuracy {((d < cut).float() == te[2]).float().mean():.4f} "
          f"for distance below {cut:.2f}")  # fmt: skip


@case("healthy")
def breast_cancer_triplets_then_head(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_breast_cancer()
    y_all = 1 - bunch.target
    a, b, y, yv = train_test_split(np.log1p(bunch.data), y_all, test_size=0.35, stratify=y_all, random_state=seed)
    x, xv = (torch.tensor((v - a.mean(0)) / a.std(0), dtype=torch.float32) for v in (a, b))
    y, yv = torch.tensor(y), torch.tensor(yv)
    embed = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 6))
    by_class = [(y == c).nonzero().flatten() for c in (0, 1)]
    triplet = nn.TripletMarginLoss(margin=1.0)
    optimizer = torch.optim.SGD(embed.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-2)
    for step in range(100):
        c = step % 2
        own = by_class[c][torch.randint(len(by_class[c]), (2, 64))]
        other = by_class[1 - c][torch.randint(len(by_class[1 - c]), (64,))]
        loss = triplet(embed(x[own[0]]), embed(x[own[1]]), embed(x[other]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 25 == 24:
            print(f"triplets {step + 1}: {loss:.4f}")
    embed.eval().requires_grad_(False)
    head = nn.Linear(6, 1)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.03, weight_decay=1e-2)
    code, code_v = embed(x), embed(xv)
    for _ in range(150):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(head(code).flatten(), y.float()).backward()
        optimizer.step()
    with torch.no_grad():
        z = head(code_v).flatten()
    print(f"malignant: auc {roc_auc_score(yv, z):.4f}  f1 {f1_score(yv, z > 0):.4f}  "
          f"loss {F.binary_cross_entropy_with_logits(z, yv.float()):.4f}")  # fmt: skip


@case("healthy")
def spambase_information_bottleneck_noise(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed, raw=True)
    x, xv = torch.log1p(20 * x), torch.log1p(20 * xv)
    mu, sd = x.mean(0), x.std(0) + 1e-3
    x, xv = (x - mu) / sd, (xv - mu) / sd

    class Bottleneck(nn.Module):
        def __init__(self, latent=8):
            super().__init__()
            self.hidden = nn.Sequential(nn.Linear(57, 48), nn.ReLU())
            self.location, self.log_scale = nn.Linear(48, latent), nn.Linear(48, latent)
            self.read = nn.Linear(latent, 1)

        def forward(self, rows):
            h = self.hidden(rows)
            loc, log_scale = self.location(h), self.log_scale(h).clamp(-6, 3)
            code = loc + log_scale.exp() * torch.randn_like(loc) if self.training else loc
            kl = 0.5 * (loc**2 + (2 * log_scale).exp() - 1 - 2 * log_scale).sum(1)
            return self.read(code).squeeze(-1), kl

    model = Bottleneck()
    opt = torch.optim.Adam(model.parameters(), lr=1.5e-3)
    for epoch in range(25):
        model.train()
        for rows in torch.randperm(len(y)).split(60):
            z, kl = model(x[rows])
            loss = F.binary_cross_entropy_with_logits(z, y[rows]) + 0.01 * kl.mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z, kl = model(xv)
        if epoch % 5 == 4:
            print(f"{epoch + 1}: loss {F.binary_cross_entropy_with_logits(z, yv):.3f} kl {kl.mean():.2f} "
                  f"auc {roc_auc_score(yv, z):.4f}")  # fmt: skip


@case("healthy")
def circles_mixture_of_logistic_experts(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("circles", seed)

    class Mixture(nn.Module):
        def __init__(self, experts=6):
            super().__init__()
            self.gate = nn.Linear(2, experts)
            self.experts = nn.Linear(2, experts)

        def forward(self, rows):
            gate = F.log_softmax(self.gate(rows), dim=1)
            logits = self.experts(rows)
            return torch.stack([
                torch.logsumexp(gate + F.logsigmoid(-logits), dim=1),
                torch.logsumexp(gate + F.logsigmoid(logits), dim=1),
            ], dim=1)  # fmt: skip

    model = Mixture()
    criterion = nn.NLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for epoch in range(40):
        for rows in torch.randperm(len(y)).split(100):
            optimizer.zero_grad()
            criterion(model(x[rows]), y[rows].long()).backward()
            optimizer.step()
        with torch.no_grad():
            log_p = model(xv)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: nll {criterion(log_p, yv.long()):.4f} "
                  f"accuracy {(log_p.argmax(1) == yv).float().mean():.4f}")  # fmt: skip
    print(f"sum of the probabilities {log_p.exp().sum(1).mean():.6f}, auc {roc_auc_score(yv, log_p[:, 1]):.4f}")


@case("healthy")
def deep_sets_ring_or_blob(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    class Clouds(Dataset):
        def __init__(self, number):
            self.items = []
            for _ in range(number):
                size, ring = int(rng.integers(5, 25)), int(rng.integers(0, 2))
                angle = rng.uniform(0, 2 * np.pi, size)
                radius = np.sqrt(2) * (1 + 0.25 * rng.normal(size=size))
                points = np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None]
                points = points if ring else rng.normal(size=(size, 2))
                self.items.append((torch.tensor(points, dtype=torch.float32), float(ring)))

        def __len__(self):
            return len(self.items)

        def __getitem__(self, i):
            return self.items[i]

    def collate(batch):
        sets, labels = zip(*batch, strict=True)
        sizes = torch.tensor([len(s) for s in sets])
        padded = nn.utils.rnn.pad_sequence(list(sets), batch_first=True)
        return padded, (torch.arange(padded.shape[1]) < sizes[:, None]).unsqueeze(-1), torch.tensor(labels)

    class DeepSet(nn.Module):
        def __init__(self):
            super().__init__()
            self.phi = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.Tanh())
            self.rho = nn.Sequential(nn.Linear(33, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, points, mask):
            h = self.phi(points)
            count = mask.sum(1)
            mean = (h * mask).sum(1) / count
            top = h.masked_fill(~mask, -torch.inf).amax(1)
            return self.rho(torch.cat([mean, top, count.log()], dim=1)).flatten()

    train, held = Clouds(1200), Clouds(600)
    net = DeepSet()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.9)
    points, mask, truth = next(iter(DataLoader(held, batch_size=len(held), collate_fn=collate)))
    for epoch in range(15):
        for p, m, t in DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(p, m), t)
            loss.backward()
            opt.step()
        decay.step()
        with torch.no_grad():
            z = net(points, mask)
        print(f"{epoch:2d} {F.binary_cross_entropy_with_logits(z, truth):.3f} {roc_auc_score(truth, z):.3f}")


@case("healthy")
def graph_convolution_transductive(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    nodes = 600
    group = rng.integers(0, 2, nodes)
    chance = np.where(group[:, None] == group[None, :], 0.012, 0.004)
    edges = np.triu(rng.random((nodes, nodes)) < chance, 1)
    adjacency = torch.tensor(edges | edges.T).float() + torch.eye(nodes)
    scale = adjacency.sum(1).rsqrt()
    adjacency = scale[:, None] * adjacency * scale[None, :]
    x = torch.tensor(rng.normal(size=(nodes, 16)) + 0.25 * (2 * group[:, None] - 1), dtype=torch.float32)
    y = torch.tensor(group)
    order = torch.randperm(nodes)
    train, valid, test = order[:150], order[150:350], order[350:]

    class GCN(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(16, 16), nn.Linear(16, 2)

        def forward(self, features):
            h = F.dropout(features, 0.2, self.training)
            h = F.relu(adjacency @ self.first(h))
            h = F.dropout(h, 0.5, self.training)
            return adjacency @ self.second(h)

    model = GCN()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-3)
    for epoch in range(60):
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x)[train], y[train])
        loss.backward()
        optimizer.step()
        if epoch % 10 == 9:
            model.eval()
            with torch.no_grad():
                out = model(x)
            print(f"epoch {epoch + 1}: train {loss:.3f} valid {F.cross_entropy(out[valid], y[valid]):.3f} "
                  f"accuracy {(out[valid].argmax(1) == y[valid]).float().mean():.3f}")  # fmt: skip
    print(f"test nodes: {(out[test].argmax(1) == y[test]).float().mean():.3f}")


@case("healthy")
def credit_monotone_part_softplus_weights(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    frame = loans.features
    money = frame[["Seniority", "Income", "Assets"]]
    falling = -np.log1p(money.fillna(money.median()).to_numpy())
    rising = np.log(frame["Amount"] / frame["Price"]).to_numpy()[:, None]
    words = frame[["Home", "Marital", "Records", "Job"]]
    free = pd.get_dummies(words.fillna(words.mode().iloc[0]), dtype=float)
    debt = np.log1p(frame["Debt"].fillna(0))
    free = np.column_stack([free, frame[["Age", "Time", "Expenses"]], debt, np.log(frame["Price"])])
    up, free = np.column_stack([falling, rising]).astype(np.float32), free.astype(np.float32)
    y = torch.tensor(loans.labels, dtype=torch.float32)
    tr, te = train_test_split(np.arange(len(y)), test_size=0.3, stratify=loans.labels, random_state=seed)
    up, free = (torch.from_numpy((v - v[tr].mean(0)) / v[tr].std(0)) for v in (up, free))

    class PositiveLinear(nn.Module):
        def __init__(self, inputs, outputs):
            super().__init__()
            self.raw = nn.Parameter(torch.randn(outputs, inputs) * 0.3 - 1.5)
            self.bias = nn.Parameter(torch.zeros(outputs))

        def forward(self, v):
            return F.linear(v, F.softplus(self.raw), self.bias)

    class PartlyMonotone(nn.Module):
        def __init__(self):
            super().__init__()
            self.up = nn.Sequential(PositiveLinear(4, 16), nn.Tanh(), PositiveLinear(16, 1))
            self.free = nn.Sequential(nn.Linear(free.shape[1], 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))

        def forward(self, a, b):
            return (self.up(a) + self.free(b)).view(-1)

    model = PartlyMonotone()
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(20):
        model.train()
        for rows in np.array_split(np.random.default_rng(epoch).permutation(tr), 30):
            opt.zero_grad()
            bce(model(up[rows], free[rows]), y[rows]).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            z = model(up[te], free[te])
    richer = up[te].clone()
    richer[:, 1] -= 0.5
    with torch.no_grad():
        assert (model(richer, free[te]) <= z + 1e-5).all()
    print(f"log loss {bce(z, y[te]):.4f}  auc {roc_auc_score(y[te], z):.4f}  more income never raises the risk")


@case("healthy")
def one_column_hinge_basis(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dose = rng.gamma(3.0, 2.0, 1500)
    response = rng.random(1500) < 1 / (1 + np.exp(2.0 - 6 * np.exp(-(((dose - 5) / 2.5) ** 2))))
    fit, held = np.arange(1000), np.arange(1000, 1500)
    knots = np.quantile(dose[fit], np.linspace(0.05, 0.95, 9))

    def basis(v):
        return np.column_stack([v, np.maximum(v[:, None] - knots, 0)])

    design = basis(dose)
    design = torch.tensor((design - design[fit].mean(0)) / design[fit].std(0)).float()
    target = torch.tensor(response).float()
    torch.manual_seed(seed)
    line = nn.Linear(10, 1)
    opt = torch.optim.Adam(line.parameters(), lr=0.1)
    for step in range(400):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(line(design[fit]), target[fit, None])
        loss.backward()
        opt.step()
        if step % 100 == 99:
            print(f"{step + 1}: {loss.item():.4f}")
    with torch.no_grad():
        p = line(design[held]).sigmoid().squeeze(1).numpy()
    print(f"held-out auc {roc_auc_score(response[held], p):.3f}, accuracy {((p > 0.5) == response[held]).mean():.3f}, "
          f"mean predicted {p.mean():.3f}, observed {response[held].mean():.3f}")  # fmt: skip


@case("healthy")
def credit_all_pairs_ranking(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("credit_data", seed)
    x, xv = x.clamp(-4, 4), xv.clamp(-4, 4)
    positive, negative = (y == 1).nonzero().flatten(), (y == 0).nonzero().flatten()
    score = nn.Sequential(nn.Linear(x.shape[1], 16), nn.Tanh(), nn.Linear(16, 1, bias=False))
    opt = torch.optim.Adam(score.parameters(), lr=3e-3, weight_decay=3e-3)

    def ranking_loss(a, b):
        return F.softplus(score(b).reshape(1, -1) - score(a).reshape(-1, 1)).mean()

    for step in range(200):
        some = negative[torch.randint(len(negative), (200,))]
        loss = ranking_loss(x[positive], x[some])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 40 == 39:
            with torch.no_grad():
                s = score(xv).flatten()
                pairs = ranking_loss(xv[yv == 1], xv[yv == 0])
            print(f"{step + 1}: pairs {loss:.4f} validation pairs {pairs:.4f} auc {roc_auc_score(yv, s):.4f} "
                  f"ap {average_precision_score(yv, s):.4f}")  # fmt: skip


@case("healthy")
def discrete_time_survival_masked_hazards(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    people, periods = 2500, 8
    x = rng.normal(size=(people, 6))
    risk = 0.8 * x[:, 0] - 0.6 * x[:, 1] + 0.5 * x[:, 2] * x[:, 3]
    hazard = 1 / (1 + np.exp(2.6 - risk[:, None] - 0.1 * np.arange(periods)))
    happens = rng.random((people, periods)) < hazard
    event = np.where(happens.any(1), happens.argmax(1), periods)
    leaves = rng.integers(2, 2 * periods, people)
    last = np.minimum(np.minimum(event, leaves), periods - 1)
    observed = event <= np.minimum(leaves, periods - 1)
    at_risk = torch.tensor(np.arange(periods) <= last[:, None]).float()
    target = torch.tensor((np.arange(periods) == event[:, None]) & observed[:, None]).float()
    x = torch.tensor(x).float()
    va = slice(1700, None)

    net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, periods))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)

    def masked_loss(rows):
        each = F.binary_cross_entropy_with_logits(net(x[rows]), target[rows], reduction="none")
        return (each * at_risk[rows]).sum() / at_risk[rows].sum()

    for epoch in range(25):
        for rows in torch.randperm(1700).split(100):
            opt.zero_grad()
            masked_loss(rows).backward()
            opt.step()
        with torch.no_grad():
            held = masked_loss(va)
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: hazard loss {held:.4f}")
    horizon = 5
    with torch.no_grad():
        gone = 1 - torch.sigmoid(-net(x[va]))[:, :horizon].prod(1)
    known = torch.tensor((event < horizon) & observed | (last >= horizon))[va]
    truth = torch.tensor((event < horizon) & observed)[va]
    auc = roc_auc_score(truth[known], gone[known])
    print(f"gone within {horizon} periods: auc {auc:.3f} of {int(known.sum())} people")


@case("healthy")
def spambase_hinge_plus_minus_one_pegasos(seed: int) -> None:
    torch.manual_seed(seed)
    mails = load("spambase").distinct()
    x, xv, y, yv = train_test_split(np.log1p(mails.numbers), 2 * mails.labels - 1, test_size=0.3,
                                    stratify=mails.labels, random_state=seed)  # fmt: skip
    mean, std = x.mean(0), x.std(0)
    x, xv = (torch.tensor(np.column_stack([(v - mean) / std, np.ones(len(v))])).float() for v in (x, xv))
    y, yv = torch.tensor(y), torch.tensor(yv)
    weight = torch.zeros(58, requires_grad=True)
    average = torch.zeros(58)
    lam, step, epochs = 2e-3, 0, 12
    for epoch in range(epochs):
        hinge = 0.0
        for rows in torch.randperm(len(y)).split(32):
            step += 1
            margin = y[rows] * (x[rows] @ weight)
            loss = F.relu(1 - margin).mean() + lam / 2 * weight.square().sum()
            (gradient,) = torch.autograd.grad(loss, weight)
            with torch.no_grad():
                weight -= gradient / (lam * (step + 200))
                average += (weight - average) * 2 / (step + 1)
            hinge += loss.item()
        side = torch.where(xv @ average >= 0, 1, -1)
        print(f"epoch {epoch}: objective {hinge * 32 / len(y):.4f}, "
              f"validation accuracy {(side == yv).float().mean():.4f}, "
              f"auc {roc_auc_score(yv, xv @ average):.4f}")  # fmt: skip


@case("healthy")
def credit_temperature_on_validation(seed: int) -> None:
    torch.manual_seed(seed)
    loans = load("credit_data")
    frame = loans.features.fillna(loans.features[loans.numeric].median())
    frame["Burden"] = frame["Expenses"] / frame["Income"].clip(lower=20)
    for c in ("Income", "Assets", "Debt", "Amount", "Price"):
        frame[c] = np.log1p(frame[c])
    x = pd.get_dummies(frame, dtype=float).to_numpy(np.float32)
    y = loans.labels
    a, rest = train_test_split(np.arange(len(y)), test_size=0.5, stratify=y, random_state=seed)
    b, c = train_test_split(rest, test_size=0.6, stratify=y[rest], random_state=seed)
    x = torch.from_numpy((x - x[a].mean(0)) / (x[a].std(0) + 1e-2))
    y = torch.tensor(y)
    net = nn.Sequential(nn.Linear(x.shape[1], 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, 2))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    smooth = nn.CrossEntropyLoss(label_smoothing=0.1)
    for _ in range(14):
        net.train()
        for rows in a[torch.randperm(len(a)).numpy()].reshape(-1)[: len(a) // 50 * 50].reshape(-1, 50):
            opt.zero_grad()
            smooth(net(x[rows]), y[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        zb, zc = net(x[b]), net(x[c])
    log_t = torch.zeros(1, requires_grad=True)
    lbfgs = torch.optim.LBFGS([log_t], lr=0.5, max_iter=40)

    def closure():
        lbfgs.zero_grad()
        nll = F.cross_entropy(zb / log_t.exp(), y[b])
        nll.backward()
        return nll

    before = F.cross_entropy(zb, y[b]).item()
    lbfgs.step(closure)
    with torch.no_grad():
        t = log_t.exp()
        print(f"temperature {t.item():.3f}: validation nll {before:.4f} -> {F.cross_entropy(zb / t, y[b]):.4f}")
        print(f"test nll {F.cross_entropy(zc, y[c]):.4f} -> {F.cross_entropy(zc / t, y[c]):.4f}, "
              f"auc {roc_auc_score(y[c], zc[:, 1] - zc[:, 0]):.4f}, "
              f"accuracy {(zc.argmax(1) == y[c]).float().mean():.4f}")  # fmt: skip


@case("healthy")
def adult_gradient_accumulation_target_encoding(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(6000, random_state=seed).reset_index(drop=True)
    y = table.pop("income_gt_50k").astype(float)
    fit, held = train_test_split(table.index, test_size=0.3, stratify=y, random_state=seed)
    table["age_squared"] = table["age"] ** 2
    text = ["workclass", "education", "marital-status", "occupation", "relationship", "race", "gender"]
    text += ["native-country", "capital-gain", "capital-loss"]

    def smoothed(keys, labels, weight=20):
        sums = labels.groupby(keys).agg(["sum", "count"])
        return (sums["sum"] + weight * labels.mean()) / (sums["count"] + weight)

    encoded = pd.DataFrame(index=table.index, columns=text, dtype=float)
    for column in text:
        for inner, outer in StratifiedKFold(5, shuffle=True, random_state=seed).split(fit, y[fit]):
            rates = smoothed(table.loc[fit[inner], column], y[fit[inner]])
            encoded.loc[fit[outer], column] = table.loc[fit[outer], column].map(rates).fillna(y[fit].mean())
        rates = smoothed(table.loc[fit, column], y[fit])
        encoded.loc[held, column] = table.loc[held, column].map(rates).fillna(y[fit].mean())
    full = pd.concat([table.drop(columns=text), encoded.map(lambda p: np.log(p / (1 - p)))], axis=1)
    full = (full - full.loc[fit].mean()) / full.loc[fit].std()
    x = torch.tensor(full.to_numpy(np.float32))
    t = torch.tensor(y.to_numpy(np.float32))[:, None]
    fit, held = fit.to_numpy(), held.to_numpy()

    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    accumulate = 4
    for epoch in range(10):
        net.train()
        parts = fit[torch.randperm(len(fit)).numpy()]
        for i, rows in enumerate(np.array_split(parts, 4 * 33)):
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), t[rows]) / accumulate
            loss.backward()
            if (i + 1) % accumulate == 0:
                opt.step()
                opt.zero_grad()
        net.eval()
        with torch.no_grad():
            z = net(x[held])
        print(f"{epoch} {F.binary_cross_entropy_with_logits(z, t[held]):.4f} auc {roc_auc_score(t[held], z):.4f}")


@case("healthy")
def spambase_sharpness_aware_two_passes(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed, raw=True)
    limits = torch.quantile(x, 0.99, dim=0).clamp_min(0.1)
    x, xv = (torch.sqrt(torch.minimum(v, limits) / limits) for v in (x, xv))
    mid = x.mean(0)
    x, xv = 2 * (x - mid), 2 * (xv - mid)
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 1))
    base = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    rho = 0.2

    def batch_loss(rows):
        return F.binary_cross_entropy_with_logits(model(x[rows]).squeeze(1), y[rows])

    for epoch in range(12):
        for rows in torch.randperm(len(y)).split(50):
            base.zero_grad()
            batch_loss(rows).backward()
            with torch.no_grad():
                norm = torch.sqrt(sum((p.grad**2).sum() for p in model.parameters()))
                shifts = [rho * p.grad / (norm + 1e-12) for p in model.parameters()]
                for p, e in zip(model.parameters(), shifts, strict=True):
                    p.add_(e)
            base.zero_grad()
            batch_loss(rows).backward()
            with torch.no_grad():
                for p, e in zip(model.parameters(), shifts, strict=True):
                    p.sub_(e)
            base.step()
        with torch.no_grad():
            z = model(xv).squeeze(1)
        if epoch % 4 == 3:
            hits = ((z > 0) == (yv > 0)).float().mean()
            print(f"{epoch + 1}: {F.binary_cross_entropy_with_logits(z, yv):.4f} {hits:.4f}")
    print(f"auc {roc_auc_score(yv, z):.4f}")


def adam_state(parameters):
    return [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]


@torch.no_grad()
def adam_update(parameters, gradients, state, t, lr, betas=(0.9, 0.999), eps=1e-8):
    for p, g, (m, v) in zip(parameters, gradients, state, strict=True):
        m.mul_(betas[0]).add_(g, alpha=1 - betas[0])
        v.mul_(betas[1]).addcmul_(g, g, value=1 - betas[1])
        p -= lr * (m / (1 - betas[0] ** t)) / ((v / (1 - betas[1] ** t)).sqrt() + eps)


@case("healthy")
def credit_handwritten_adam_with_lookahead(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    x, y, xv, yv = data("credit_data", seed)
    x, xv = x.clamp(-4, 4), xv.clamp(-4, 4)
    sizes = [x.shape[1], 32, 1]
    fast = []
    for a, b in itertools.pairwise(sizes):
        fast += [torch.randn(a, b, generator=g) * a**-0.5, torch.zeros(b)]
    for p in fast:
        p.requires_grad_(True)
    slow = [p.detach().clone() for p in fast]
    state, t = adam_state(fast), 0

    def logits(parameters, rows):
        w1, b1, w2, b2 = parameters
        return (torch.tanh(rows @ w1 + b1) @ w2 + b2).squeeze(1)

    for epoch in range(20):
        for rows in torch.randperm(len(y), generator=g).split(100):
            t += 1
            z = logits(fast, x[rows])
            penalty = 3e-3 * sum((w**2).sum() for w in fast[::2])
            loss = (z.clamp_min(0) - z * y[rows] + torch.log1p(torch.exp(-z.abs()))).mean()
            adam_update(fast, torch.autograd.grad(loss + penalty, fast), state, t, lr=5e-3)
            if t % 6 == 0:
                with torch.no_grad():
                    for s, p in zip(slow, fast, strict=True):
                        s += 0.5 * (p - s)
                        p.copy_(s)
        with torch.no_grad():
            z = logits(slow, xv)
        nll = (F.softplus(z) - z * yv).mean()
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1} step {t}: batch {loss:.4f} validation {nll:.4f} auc {roc_auc_score(yv, z):.4f}")


@case("healthy")
def moons_vmapped_ensemble_functional(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("moons", seed)
    members = [
        nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1)) for _ in range(5)
    ]
    parameters, buffers = torch.func.stack_module_state(members)
    skeleton = members[0]

    def one(p, b, rows):
        return torch.func.functional_call(skeleton, (p, b), (rows,)).squeeze(-1)

    forward = torch.func.vmap(one, in_dims=(0, 0, 0))
    everyone = torch.func.vmap(one, in_dims=(0, 0, None))
    opt = torch.optim.Adam(parameters.values(), lr=5e-3)
    for epoch in range(25):
        order = torch.stack([torch.randperm(len(y)) for _ in members])
        for rows in order.split(60, dim=1):
            z = forward(parameters, buffers, x[rows])
            losses = F.binary_cross_entropy_with_logits(z, y[rows], reduction="none")
            opt.zero_grad()
            losses.mean(dim=1).sum().backward()
            opt.step()
        with torch.no_grad():
            p = everyone(parameters, buffers, xv).sigmoid().mean(0)
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: members {losses.mean():.4f} ensemble {F.binary_cross_entropy(p, yv):.4f} "
                  f"accuracy {((p > 0.5) == (yv > 0.5)).float().mean():.4f}")  # fmt: skip


@case("healthy")
def digits_orthogonal_and_weight_norm(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    x = torch.tensor(bunch.data, dtype=torch.float32)
    y = torch.tensor(np.isin(bunch.target, (2, 3, 5, 7))).float()
    index = torch.randperm(len(y))
    tr, va = index[:1250], index[1250:]
    x = (x - x[tr].mean()) / x[tr].std()
    from torch.nn.utils.parametrizations import orthogonal, weight_norm

    hidden = nn.Linear(48, 48)
    net = nn.Sequential(
        weight_norm(nn.Linear(64, 48)), nn.SiLU(), orthogonal(hidden), nn.SiLU(),
        weight_norm(nn.Linear(48, 1)), nn.Flatten(0),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(20):
        for rows in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
        for group in opt.param_groups:
            group["lr"] *= 0.88
        with torch.no_grad():
            z = net(x[va])
        if epoch % 4 == 3:
            print(f"{epoch + 1}: {F.binary_cross_entropy_with_logits(z, y[va]):.4f} auc {roc_auc_score(y[va], z):.4f}")
    gram = hidden.weight @ hidden.weight.T
    print(f"largest deviation from orthogonality {(gram - torch.eye(48)).abs().max():.1e}")


@case("healthy")
def digits_bfloat16_autocast_conv(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_digits()
    images = torch.tensor(bunch.images, dtype=torch.float32)[:, None] / 16
    labels = torch.tensor((bunch.target == 8).astype(np.float32))
    train, test = train_test_split(np.arange(len(labels)), test_size=0.3, stratify=labels, random_state=seed)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten(), nn.Linear(512, 1),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda e: min(1.0, (e + 1) / 3) * 0.85 ** max(0, e - 3))
    loader = DataLoader(TensorDataset(images[train], labels[train]), batch_size=50, shuffle=True)
    for epoch in range(10):
        model.train()
        for x, y in loader:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                out = model(x).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(out.float(), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        model.eval()
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            z = model(images[test]).squeeze(1).float()
        print(f"epoch {epoch + 1} loss {F.binary_cross_entropy_with_logits(z, labels[test]):.4f} "
              f"f1 {f1_score(labels[test], z > 0):.4f}")  # fmt: skip


class LogisticLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, y):
        ctx.save_for_backward(z, y)
        return F.softplus(z) - y * z

    @staticmethod
    def backward(ctx, grad):
        z, y = ctx.saved_tensors
        return grad * (torch.sigmoid(z) - y), None


@case("healthy")
def spambase_one_row_at_a_time_averaged(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("spambase", seed, raw=True)
    x, xv = torch.log1p(x), torch.log1p(xv)
    mean, std = x.mean(0), x.std(0) + 1e-3
    x, xv = (x - mean) / std, (xv - mean) / std
    w, b = torch.zeros(57, requires_grad=True), torch.zeros(1, requires_grad=True)
    average = torch.zeros(58)
    seen = 0
    for epoch in range(8):
        total = 0.0
        for i in torch.randperm(len(y)).tolist():
            loss = LogisticLoss.apply(x[i] @ w + b, y[i]).sum() + 5e-4 * (w @ w)
            loss.backward()
            seen += 1
            with torch.no_grad():
                rate = 0.02 / (1 + seen / 2000) ** 0.5
                w -= rate * w.grad
                b -= rate * b.grad
                average += (torch.cat([w, b]) - average) / min(seen, 1200)
            w.grad = b.grad = None
            total += loss.item()
        z = xv @ average[:-1] + average[-1]
        print(f"pass {epoch + 1}: online loss {total / len(y):.4f}, averaged weights: validation "
              f"{(F.softplus(z) - yv * z).mean():.4f} auc {roc_auc_score(yv, z):.4f}")  # fmt: skip


@case("healthy")
def churn_rate_finder_then_snapshot_ensemble(seed: int) -> None:
    import copy

    torch.manual_seed(seed)
    customers = load("mlc_churn")
    frame = customers.features.drop(columns=["state", "area_code"])
    frame = pd.get_dummies(frame, drop_first=True, dtype=float)
    x, xv, y, yv = train_test_split(frame.to_numpy(np.float32), customers.labels.astype(np.float32), test_size=0.3,
                                    stratify=customers.labels, random_state=seed)  # fmt: skip
    x, xv = (torch.from_numpy((v - x.mean(0)) / x.std(0)) for v in (x, xv))
    y, yv = torch.from_numpy(y), torch.from_numpy(yv)
    net = nn.Sequential(nn.Linear(x.shape[1], 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 1), nn.Flatten(0))
    loss_of = nn.BCEWithLogitsLoss()

    saved = copy.deepcopy(net.state_dict())
    rates = torch.logspace(-5, 1, 80)
    probe = torch.optim.SGD(net.parameters(), lr=1e-5, momentum=0.9)
    smooth, history = None, []
    for rate in rates:
        probe.param_groups[0]["lr"] = rate.item()
        rows = torch.randint(len(y), (128,))
        loss = loss_of(net(x[rows]), y[rows])
        if smooth is not None and loss.item() > 4 * min(history):
            break
        probe.zero_grad()
        loss.backward()
        probe.step()
        smooth = loss.item() if smooth is None else 0.8 * smooth + 0.2 * loss.item()
        history.append(smooth)
    found = rates[int(np.argmin(history))].item() / 5
    net.load_state_dict(saved)
    print(f"rate finder stopped after {len(history)} batches and suggests {found:.2g}")

    peak = float(np.clip(found, 0.02, 0.3))
    opt = torch.optim.SGD(net.parameters(), lr=peak, momentum=0.9, weight_decay=1e-3)
    cycles = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=8, eta_min=1e-4)
    snapshots = []
    for epoch in range(32):
        net.train()
        for rows in torch.randperm(len(y)).split(64):
            opt.zero_grad()
            loss_of(net(x[rows]), y[rows]).backward()
            opt.step()
        cycles.step()
        if (epoch + 1) % 8 == 0:
            net.eval()
            with torch.no_grad():
                snapshots.append(net(xv).sigmoid())
            p = torch.stack(snapshots).mean(0)
            print(f"cycle {len(snapshots)}: single auc {roc_auc_score(yv, snapshots[-1]):.4f}, ensemble auc "
                  f"{roc_auc_score(yv, p):.4f} loss {F.binary_cross_entropy(p, yv):.4f}")  # fmt: skip


@case("healthy")
def breast_cancer_averaged_model_update_bn(seed: int) -> None:
    torch.manual_seed(seed)
    bunch = load_breast_cancer()
    x, xv, y, yv = train_test_split(bunch.data, 1 - bunch.target, test_size=0.35, stratify=bunch.target,
                                    random_state=seed)  # fmt: skip
    mean, std = x.mean(0), x.std(0)
    x, xv = (torch.tensor((v - mean) / std, dtype=torch.float32) for v in (x, xv))
    y, yv = torch.tensor(y).float(), torch.tensor(yv).float()
    net = nn.Sequential(
        nn.Linear(30, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1), nn.Flatten(0)
    )
    mean_net = torch.optim.swa_utils.AveragedModel(net)
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=2e-2)
    loader = DataLoader(TensorDataset(x, y), batch_size=46, shuffle=True, drop_last=True)
    for epoch in range(30):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
        if epoch >= 15:
            mean_net.update_parameters(net)
        if epoch % 5 == 4:
            net.eval()
            with torch.no_grad():
                print(f"epoch {epoch + 1}: last weights {F.binary_cross_entropy_with_logits(net(xv), yv):.4f}")
    torch.optim.swa_utils.update_bn(loader, mean_net)
    mean_net.eval()
    with torch.no_grad():
        z = mean_net(xv)
    print(f"averaged weights {F.binary_cross_entropy_with_logits(z, yv):.4f}  auc {roc_auc_score(yv, z):.4f}  "
          f"accuracy {((z > 0).float() == yv).float().mean():.4f}")  # fmt: skip


@case("healthy")
def circles_stopped_and_resumed_from_checkpoint(seed: int) -> None:
    import io

    x, y, xv, yv = data("circles", seed)

    def build():
        net = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 1), nn.Flatten(0))
        opt = torch.optim.Adam(net.parameters(), lr=1e-2)
        return net, opt, torch.optim.lr_scheduler.StepLR(opt, 15, gamma=0.3)

    def session(checkpoint, until):
        net, opt, schedule = build()
        first = 0
        if checkpoint is not None:
            checkpoint.seek(0)
            stored = torch.load(checkpoint)
            net.load_state_dict(stored["net"])
            opt.load_state_dict(stored["opt"])
            schedule.load_state_dict(stored["schedule"])
            first = stored["epoch"]
        for _epoch in range(first, until):
            for rows in torch.randperm(len(y)).split(40):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
                opt.step()
            schedule.step()
        with torch.no_grad():
            z = net(xv)
        print(f"epoch {until}, rate {schedule.get_last_lr()[0]:.1e}: "
              f"loss {F.binary_cross_entropy_with_logits(z, yv):.4f}, "
              f"accuracy {((z > 0).float() == yv).float().mean():.4f}")  # fmt: skip
        buffer = io.BytesIO()
        state = {"net": net.state_dict(), "opt": opt.state_dict(), "schedule": schedule.state_dict(), "epoch": until}
        torch.save(state, buffer)
        return buffer

    torch.manual_seed(seed)
    checkpoint = None
    for until in (10, 20, 40):
        checkpoint = session(checkpoint, until)


@case("healthy")
def adult_balanced_sampler_prior_correction(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").drop(columns="education")
    y = torch.tensor(table.pop("income_gt_50k").to_numpy())
    edges = [-1, 0, 3000, 4500, 7000, 100000]
    table["capital-gain"] = pd.cut(table["capital-gain"], edges).astype(str)
    table["capital-loss"] = pd.cut(table["capital-loss"], [-1, 0, 1700, 2000, 5000]).astype(str)
    table["age2"] = (table["age"] - 45) ** 2
    x = pd.get_dummies(table, dtype=float).to_numpy(np.float32)
    a, b = train_test_split(np.arange(len(x)), test_size=0.3, stratify=y, random_state=seed)
    x = torch.from_numpy((x - x[a].mean(0)) / np.maximum(x[a].std(0), 0.1))
    frequency = torch.bincount(y[a]).double()
    sampler = torch.utils.data.WeightedRandomSampler((1 / frequency)[y[a]], len(a))
    loader = DataLoader(TensorDataset(x[a], y[a]), batch_size=100, sampler=sampler)
    correction = torch.log(frequency / frequency.sum()).float() - np.log(0.5)
    net = nn.Sequential(nn.Linear(x.shape[1], 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 2))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.1)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 10)
    for epoch in range(10):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
        cosine.step()
        net.eval()
        with torch.no_grad():
            corrected = net(x[b]) + correction
        p = corrected.softmax(dim=1)[:, 1]
        if epoch % 2 == 1:
            print(f"{epoch + 1}: log loss {F.cross_entropy(corrected, y[b]):.4f} mean p {p.mean():.3f} "
                  f"(rate {y[b].float().mean():.3f}) auc {roc_auc_score(y[b], p):.4f} "
                  f"f1 {f1_score(y[b], p > 0.5):.3f}")  # fmt: skip


@case("healthy")
def endless_stream_single_pass(seed: int) -> None:
    torch.manual_seed(seed)

    class Sensor(torch.utils.data.IterableDataset):
        def __init__(self, key):
            self.key = key

        def __iter__(self):
            rng = np.random.default_rng(self.key)
            while True:
                broken = rng.random() < 0.4
                t = np.arange(32) / 32
                wave = np.sin(2 * np.pi * (rng.integers(2, 5) * t + rng.random())) + 0.7 * rng.normal(size=32)
                if broken:
                    at = rng.integers(0, 24)
                    wave[at : at + 8] += 1.3 * np.array([1, -1] * 4)
                yield wave.astype(np.float32)[None], np.float32(broken)

    def take(key, number):
        stream = iter(Sensor(key))
        waves, broken = zip(*(next(stream) for _ in range(number)), strict=True)
        return torch.from_numpy(np.stack(waves)), torch.tensor(np.array(broken))

    net = nn.Sequential(nn.Conv1d(1, 16, 8, padding=4), nn.ReLU(), nn.Conv1d(16, 16, 3), nn.ReLU(),
                        nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(16, 1))  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    xv, yv = take([seed, 1], 1000)
    anneal = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=600)
    running = None
    for step, (x, y) in enumerate(DataLoader(Sensor([seed, 0]), batch_size=32)):
        if step == 600:
            break
        loss = F.binary_cross_entropy_with_logits(net(x)[:, 0], y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        anneal.step()
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 60 == 59:
            with torch.no_grad():
                z = net(xv)[:, 0]
            print(f"{(step + 1) * 32} waves: {running:.3f} / {F.binary_cross_entropy_with_logits(z, yv):.3f}, "
                  f"auc {roc_auc_score(yv, z):.3f}")  # fmt: skip


@case("healthy")
def machine_windows_split_by_time_with_gap(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    length, width = 9000, 30
    wear = np.zeros(length)
    for t in range(1, length):
        wear[t] = 0.0 if wear[t - 1] > 1 else wear[t - 1] + rng.gamma(0.5, 0.012)
    resets = np.flatnonzero(wear == 0)
    upcoming = np.searchsorted(resets, np.arange(length), side="right")
    until = resets[np.minimum(upcoming, len(resets) - 1)] - np.arange(length)
    vibration = np.exp(0.5 * rng.normal(size=length) + 2 * wear**2)
    heat = np.convolve(wear, np.ones(10) / 10)[:length] + 0.4 * rng.normal(size=length)
    signal = np.column_stack([np.log(vibration), heat])
    ends = np.arange(width, resets[-1] - 1, 5)
    windows = np.stack([signal[e - width : e] for e in ends]).astype(np.float32)
    label = ((until[ends - 1] > 0) & (until[ends - 1] <= 50)).astype(np.float32)
    cut = int(0.65 * len(ends))
    train, later = slice(0, cut), slice(cut + (width + 50) // 5, None)
    mean, std = windows[train].mean((0, 1)), windows[train].std((0, 1))
    x, y = torch.from_numpy((windows - mean) / std).transpose(1, 2), torch.from_numpy(label)

    net = nn.Sequential(nn.Conv1d(2, 12, 5, stride=3), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2), nn.Linear(108, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
    for epoch in range(12):
        net.train()
        for rows in torch.randperm(cut).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            z = net(x[later]).flatten()
        if epoch % 3 == 2:
            print(f"epoch {epoch + 1}: later loss {F.binary_cross_entropy_with_logits(z, y[later]):.3f}  "
                  f"auc {roc_auc_score(y[later], z):.3f}  ap {average_precision_score(y[later], z):.3f}")  # fmt: skip


@case("healthy")
def moons_frozen_random_fourier_features(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)
    x, y, xv, yv = data("moons", seed)

    class RandomFeatures(nn.Module):
        def __init__(self, outputs=200, width=1.0):
            super().__init__()
            self.direction = nn.Parameter(torch.randn(2, outputs, generator=g) / width, requires_grad=False)
            self.phase = nn.Parameter(2 * torch.pi * torch.rand(outputs, generator=g), requires_grad=False)
            self.weight = nn.Parameter(torch.zeros(outputs))
            self.offset = nn.Parameter(torch.zeros(()))

        def forward(self, rows):
            waves = torch.cos(rows @ self.direction + self.phase) * (2 / len(self.phase)) ** 0.5
            return waves @ self.weight + self.offset

    model = RandomFeatures()
    learned = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.SGD(learned, lr=4.0, momentum=0.9, nesterov=True)
    for step in range(300):
        opt.zero_grad()
        data_loss = F.binary_cross_entropy_with_logits(model(x), y)
        (data_loss + 5e-5 * model.weight.square().sum()).backward()
        opt.step()
        if step % 50 == 49:
            with torch.no_grad():
                z = model(xv)
            print(f"{step + 1}: {data_loss:.4f} / {F.binary_cross_entropy_with_logits(z, yv):.4f} "
                  f"accuracy {((z > 0).float() == yv).float().mean():.4f}")  # fmt: skip


@case("healthy")
def credit_monte_carlo_dropout_prediction(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("credit_data", seed)
    x, xv = x.clamp(-4, 4), xv.clamp(-4, 4)
    net = nn.Sequential(
        nn.Linear(28, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1)
    )
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.2)

    @torch.no_grad()
    def monte_carlo(rows, passes=40):
        net.train()
        return torch.stack([net(rows).squeeze(1).sigmoid() for _ in range(passes)])

    for epoch in range(20):
        net.train()
        for batch in torch.randperm(len(y)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[batch]).squeeze(1), y[batch]).backward()
            opt.step()
        if epoch % 5 == 4:
            p = monte_carlo(xv).mean(0)
            print(f"epoch {epoch + 1}: predictive log loss {F.binary_cross_entropy(p, yv):.4f}")
    draws = monte_carlo(xv, 100)
    p, spread = draws.mean(0), draws.std(0)
    calm = spread < spread.median()
    right = (p > 0.5) == (yv > 0.5)
    print(f"auc {roc_auc_score(yv, p):.4f}  accuracy {right.float().mean():.4f}  "
          f"of the calmer half {right[calm].float().mean():.4f}  "
          f"of the other {right[~calm].float().mean():.4f}")  # fmt: skip


@case("healthy")
def bags_noisy_or_probabilities(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def bags(number, size=6):
        items = rng.normal(size=(number, size, 5))
        hit = 1 / (1 + np.exp(6 - 3.5 * (np.abs(items[..., 0]) + items[..., 1])))
        return torch.tensor(items).float(), torch.tensor((rng.random(hit.shape) < hit).any(1)).float(), hit

    x, y, _ = bags(2500)
    xv, yv, _hit = bags(1000)

    class NoisyOr(nn.Module):
        def __init__(self):
            super().__init__()
            self.item = nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 1))
            nn.init.constant_(self.item[-1].bias, -2.0)

        def forward(self, bag):
            none = F.logsigmoid(-self.item(bag).squeeze(-1)).sum(dim=1)
            return -torch.expm1(none)

    model, criterion = NoisyOr(), nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
    for epoch in range(15):
        for xb, yb in loader:
            optimizer.zero_grad()
            criterion(model(xb).clamp(1e-6, 1 - 1e-6), yb).backward()
            optimizer.step()
        with torch.no_grad():
            p = model(xv).clamp(1e-6, 1 - 1e-6)
        print(f"{epoch:2d}: {criterion(p, yv):.4f} auc {roc_auc_score(yv, p):.4f} "
              f"balanced accuracy {balanced_accuracy_score(yv, p > 0.5):.4f}")  # fmt: skip


@case("healthy")
def many_columns_proximal_lasso(seed: int) -> None:
    from sklearn.datasets import make_classification

    x, y = make_classification(500, 1500, n_informative=8, n_redundant=0, n_clusters_per_class=1, class_sep=1.5,
                               shuffle=False, random_state=seed)  # fmt: skip
    x, xv, y, yv = train_test_split(x, y.astype(float), test_size=0.4, stratify=y, random_state=seed)
    mean, std = x.mean(0), x.std(0)
    x, xv = torch.from_numpy((x - mean) / std), torch.from_numpy((xv - mean) / std)
    y, yv = torch.from_numpy(y), torch.from_numpy(yv)
    w, bias = torch.zeros(1500, dtype=torch.double), torch.zeros((), dtype=torch.double)
    step = 4 * len(y) / torch.linalg.matrix_norm(x, 2) ** 2
    lam = 0.06
    for iteration in range(400):
        w.requires_grad_(True)
        bias.requires_grad_(True)
        z = x @ w + bias
        nll = (F.softplus(z) - y * z).mean()
        gw, gb = torch.autograd.grad(nll, (w, bias))
        w, bias = w.detach() - step * gw, bias.detach() - gb
        w = torch.sign(w) * F.relu(w.abs() - step * lam)
        zv = xv @ w + bias
        if iteration % 80 == 79:
            print(f"{iteration + 1}: nll {nll:.4f}, {int((w != 0).sum())} of 1500 weights, held out "
                  f"{(F.softplus(zv) - yv * zv).mean():.4f}, auc {roc_auc_score(yv, zv):.4f}")  # fmt: skip


@case("healthy")
def mushrooms_factorisation_machine_separable(seed: int) -> None:
    torch.manual_seed(seed)
    table = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").drop(columns=["odor", "veil-type"]).drop_duplicates()
    y = torch.tensor((table.pop("class") == "p").to_numpy(np.float32))
    codes = table.apply(lambda c: c.astype("category").cat.codes).to_numpy(np.int64)
    offsets = np.concatenate([[0], np.cumsum(codes.max(0) + 1)])
    ids = torch.from_numpy(codes + offsets[:-1])
    tr, va = map(torch.from_numpy, train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed))

    class FactorisationMachine(nn.Module):
        def __init__(self, values, rank=6):
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(1))
            self.linear = nn.Embedding(values, 1)
            self.factors = nn.Embedding(values, rank)
            nn.init.zeros_(self.linear.weight)
            nn.init.normal_(self.factors.weight, std=0.05)

        def forward(self, index):
            v = self.factors(index)
            crossed = 0.5 * (v.sum(1).square() - v.square().sum(1)).sum(1)
            return self.bias + self.linear(index).sum(dim=(1, 2)) + crossed

    fm = FactorisationMachine(int(offsets[-1]))
    opt = torch.optim.Adagrad(fm.parameters(), lr=0.1)
    for epoch in range(10):
        for rows in tr[torch.randperm(len(tr))].split(128):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(fm(ids[rows]), y[rows]).backward()
            opt.step()
        with torch.no_grad():
            z = fm(ids[va])
        print(f"epoch {epoch + 1}: held out {F.binary_cross_entropy_with_logits(z, y[va]):.5f}, "
              f"{int(((z > 0).float() != y[va]).sum())} of {len(va)} wrong")  # fmt: skip


@case("healthy")
def digits_shifted_by_a_pixel_then_brought_to_zero_mean(seed: int) -> None:
    class Scans(Dataset):
        def __init__(self, pixels, wanted, steps):
            self.pixels, self.wanted, self.steps = pixels, wanted, steps

        def __len__(self):
            return len(self.pixels)

        def __getitem__(self, i):
            image = torch.from_numpy(self.pixels[i]).float()[None]
            for step in self.steps:
                image = step(image)
            return image, self.wanted[i]

    def jitter(image):
        down, right = np.random.randint(-1, 2, 2)
        return torch.roll(image, (int(down), int(right)), dims=(1, 2))

    def centre(image):
        return image / 8.0 - 1.0

    np.random.seed(seed)
    torch.manual_seed(seed)
    digits = load_digits()
    odd = (digits.target % 2).astype("float32")
    a, b = train_test_split(np.arange(len(odd)), test_size=0.3, random_state=seed, stratify=digits.target)
    train = DataLoader(Scans(digits.images[a], odd[a], [jitter, centre]), batch_size=64, shuffle=True)
    val = DataLoader(Scans(digits.images[b], odd[b], [centre]), batch_size=256)
    cnn = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3, padding=1),
                        nn.ReLU(), nn.Flatten(), nn.Linear(24 * 16, 1), nn.Flatten(0))  # fmt: skip
    opt = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    for epoch in range(25):
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
        print(f"epoch {epoch}: train loss {loss.item():.3f}, balanced accuracy {balanced_accuracy_score(t, z > 0):.3f}")


@case("healthy")
def breast_cancer_scaled_then_jittered_in_the_loop(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = load_breast_cancer(return_X_y=True)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    x_tr, x_va = torch.tensor(x_tr).float(), torch.tensor(x_va).float()
    y_tr, y_va = torch.tensor(y_tr).float(), torch.tensor(y_va).float()
    mean, std = x_tr.mean(0), x_tr.std(0)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
    for epoch in range(30):
        for rows in torch.randperm(len(x_tr)).split(32):
            batch = (x_tr[rows] - mean) / std
            batch = batch + 0.1 * torch.randn_like(batch)
            loss = F.binary_cross_entropy_with_logits(net(batch).squeeze(1), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net((x_va - mean) / std).squeeze(1)
        print(f"epoch {epoch}: loss {loss.item():.3f}, accuracy {((z > 0) == y_va.bool()).float().mean().item():.3f}")


@case("preprocess_mismatch")
def breast_cancer_jittered_and_scaled_in_the_loop_alone(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = load_breast_cancer(return_X_y=True)
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    x_tr, x_va = torch.tensor(x_tr).float(), torch.tensor(x_va).float()
    y_tr, y_va = torch.tensor(y_tr).float(), torch.tensor(y_va).float()
    mean, std = x_tr.mean(0), x_tr.std(0)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
    for epoch in range(30):
        for rows in torch.randperm(len(x_tr)).split(32):
            batch = (x_tr[rows] + 0.1 * std * torch.randn(len(rows), 30) - mean) / std
            loss = F.binary_cross_entropy_with_logits(net(batch).squeeze(1), y_tr[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net(x_va).squeeze(1)
        print(f"epoch {epoch}: loss {loss.item():.3f}, accuracy {((z > 0) == y_va.bool()).float().mean().item():.3f}")


@case("healthy")
def drawn_rows_scaled_in_the_loop(seed: int) -> None:
    torch.manual_seed(seed)
    x = 5 + 3 * torch.randn(1200, 8)
    y = (x[:, 0] + 0.5 * x[:, 1] * (x[:, 2] > 5) + 2 * torch.randn(1200) > 7).float()
    mean, std = x[:900].mean(0), x[:900].std(0)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(20):
        for rows in torch.randperm(900).split(50):
            loss = F.binary_cross_entropy_with_logits(net((x[rows] - mean) / std).squeeze(1), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net((x[900:] - mean) / std).squeeze(1)
        print(
            f"epoch {epoch}: loss {loss.item():.3f}, accuracy {((z > 0) == y[900:].bool()).float().mean().item():.3f}"
        )


@case("healthy")
def drawn_rows_scaled_and_jittered_in_the_loop(seed: int) -> None:
    torch.manual_seed(seed)
    x = 5 + 3 * torch.randn(1200, 8)
    y = (x[:, 0] + 0.5 * x[:, 1] * (x[:, 2] > 5) + 2 * torch.randn(1200) > 7).float()
    mean, std = x[:900].mean(0), x[:900].std(0)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(20):
        for rows in torch.randperm(900).split(50):
            jitter = 0.1 * torch.randn(len(rows), 8)
            loss = F.binary_cross_entropy_with_logits(net((x[rows] - mean) / std + jitter).squeeze(1), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            z = net((x[900:] - mean) / std).squeeze(1)
        print(
            f"epoch {epoch}: loss {loss.item():.3f}, accuracy {((z > 0) == y[900:].bool()).float().mean().item():.3f}"
        )
