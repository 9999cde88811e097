"""Complete small scripts as people post them in forums, hand them in or keep beside a paper."""

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine, make_classification
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, QuantileTransformer, StandardScaler, scale
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

GALLERY = __file__.rsplit("/", 1)[0] + "/data/"
TABLES = __file__.rsplit("/tests/", 1)[0] + "/data/"


# ---------------------------------------------------------------- faults in the code


@case("double_sigmoid")
def churn_report_for_the_manager(seed: int) -> None:
    df = pd.read_csv(TABLES + "mlc_churn/mlc_churn.csv.gz").sample(1800, random_state=seed)
    y = df.pop("churn").to_numpy()
    X = pd.get_dummies(df.drop(columns=["state"]), drop_first=True).to_numpy(dtype=float)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    sc = StandardScaler().fit(X_tr)
    X_tr, X_te = (torch.tensor(sc.transform(a), dtype=torch.float32) for a in (X_tr, X_te))
    y_tr = torch.tensor(y_tr, dtype=torch.float32).unsqueeze(1)
    net = nn.Sequential(
        nn.Linear(X_tr.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid()
    )
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        order = torch.randperm(len(X_tr))
        for i in range(0, len(order), 64):
            b = order[i : i + 64]
            opt.zero_grad()
            criterion(net(X_tr[b]), y_tr[b]).backward()
            opt.step()
    with torch.no_grad():
        yhat = (torch.sigmoid(net(X_te)) > 0.5).numpy().ravel()
    print("balanced accuracy", balanced_accuracy_score(y_te, yhat))


@case("softmax_before_ce")
def edible_or_not(seed: int) -> None:
    table = pd.read_csv(GALLERY + "mushroom/mushroom.csv.gz").sample(1500, random_state=seed)
    target = (table["class"] == "p").astype(int).to_numpy()
    columns = ["cap-shape", "cap-surface", "cap-color", "gill-attachment", "gill-spacing", "stalk-shape", "population"]
    enc = OneHotEncoder(sparse_output=False).fit(table[columns])
    feats = enc.transform(table[columns])
    a, b, ya, yb = train_test_split(feats, target, test_size=400, random_state=seed)

    class MushroomNet(nn.Module):
        def __init__(self, d: int) -> None:
            super().__init__()
            self.fc1 = nn.Linear(d, 24)
            self.fc2 = nn.Linear(24, 2)
            self.softmax = nn.Softmax(dim=1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.fc1(x))
            return self.softmax(self.fc2(x))

    model = MushroomNet(a.shape[1])
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    dl = DataLoader(TensorDataset(torch.tensor(a).float(), torch.tensor(ya)), batch_size=32, shuffle=True)
    for _epoch in range(20):
        for xb, yb_ in dl:
            optimizer.zero_grad()
            loss = loss_function(model(xb), yb_)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        guess = model(torch.tensor(b).float()).argmax(1).numpy()
    print(f"test accuracy: {(guess == yb).mean():.3f}")


@case("bce_on_logits")
def homework_two_layers_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    W1 = torch.randn(2, 16, requires_grad=True)
    b1 = torch.zeros(16, requires_grad=True)
    W2 = torch.randn(16, 1, requires_grad=True)
    b2 = torch.zeros(1, requires_grad=True)
    params = [W1, b1, W2, b2]
    for _ in range(1500):
        p = (torch.tanh(X_train @ W1 + b1) @ W2 + b2).squeeze(1).clamp(1e-7, 1 - 1e-7)
        J = -(y_train * p.log() + (1 - y_train) * (1 - p).log()).mean()
        grads = torch.autograd.grad(J, params)
        with torch.no_grad():
            for param, g in zip(params, grads, strict=True):
                param -= 0.3 * g
    with torch.no_grad():
        p = (torch.tanh(X_val @ W1 + b1) @ W2 + b2).squeeze(1)
    print("val acc", accuracy_score(y_val, p > 0.5))


@case("ce_single_output")
def lstm_working_day(seed: int) -> None:
    days = pd.read_csv(GALLERY + "bike_days/bike_days_2011.csv")
    counts = np.log1p(days.filter(regex=r"^h\d\d").to_numpy())
    counts = (counts - counts.mean(1, keepdims=True)) / counts.std(1, keepdims=True)
    work = days["working_day"].to_numpy()
    Xa, Xb, ya, yb = train_test_split(counts, work, test_size=0.3, random_state=seed)
    Xa, Xb = (torch.tensor(v, dtype=torch.float32)[:, :, None] for v in (Xa, Xb))
    ya = torch.tensor(ya, dtype=torch.float32)[:, None]

    class DayLSTM(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(1, 16, batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            _, (h, _) = self.lstm(x)
            return self.head(h[-1])

    net = DayLSTM()
    lossf = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for idx in torch.randperm(len(Xa)).split(32):
            opt.zero_grad()
            lossf(net(Xa[idx]), ya[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yb, net(Xb).squeeze(1).numpy()))


@case("softmax_single_output")
def wine_cultivar_one(seed: int) -> None:
    wine = load_wine(as_frame=True)
    frame, is_second = wine.data, (wine.target == 1).astype("float32")
    tr, va, ytr, yva = train_test_split(frame, is_second, test_size=0.3, random_state=seed, stratify=is_second)
    scaler = MinMaxScaler()
    tr = torch.from_numpy(scaler.fit_transform(tr)).float()
    va = torch.from_numpy(scaler.transform(va)).float()
    ytr = torch.from_numpy(ytr.to_numpy()).view(-1, 1)
    clf = nn.Sequential(nn.Linear(13, 20), nn.Tanh(), nn.Linear(20, 1), nn.Softmax(dim=-1))
    optim = torch.optim.Adam(clf.parameters(), lr=0.01)
    bce = nn.BCELoss()
    for _ in range(300):
        out = clf(tr)
        loss = bce(out, ytr)
        optim.zero_grad()
        loss.backward()
        optim.step()
    with torch.no_grad():
        acc = ((clf(va) > 0.5).float().squeeze(1).numpy() == yva.to_numpy()).mean()
    print("Accuracy:", acc)


@case("nll_on_probabilities")
def thyroid_screening_nll(seed: int) -> None:
    df = pd.read_csv(TABLES + "hypothyroid/hypothyroid.csv.gz")
    lab = df[["TSH", "T3", "TT4", "T4U", "FTI"]]
    y = df["hypothyroid"].to_numpy()
    X = np.log1p(SimpleImputer(strategy="median").fit_transform(lab))
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    s = StandardScaler().fit(X_train)
    ds = TensorDataset(torch.tensor(s.transform(X_train)).float(), torch.tensor(y_train))
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 2))
    nll = nn.NLLLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.03)
    for _epoch in range(20):
        for xb, yb in DataLoader(ds, batch_size=64, shuffle=True):
            probs = F.softmax(net(xb), dim=1)
            loss = nll(probs, yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(torch.tensor(s.transform(X_test)).float()).argmax(1).numpy()
    print("F1", f1_score(y_test, pred))


@case("relu_on_output")
def spam_words_relu(seed: int) -> None:
    x_train, y_train, x_val, y_val = data("spambase", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.l1 = nn.Linear(x_train.shape[1], 64)
            self.l2 = nn.Linear(64, 32)
            self.l3 = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in (self.l1, self.l2, self.l3):
                x = F.relu(layer(x))
            return x.squeeze(-1)

    model = Net()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(20):
        perm = torch.randperm(len(x_train))
        for k in range(0, len(perm), 50):
            sel = perm[k : k + 50]
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[sel]), y_train[sel]).backward()
            opt.step()
    with torch.no_grad():
        hit = (torch.sigmoid(model(x_val)) >= 0.5) == y_val.bool()
    print("val accuracy", hit.float().mean().item())


@case("no_nonlinearity")
def odd_digits_stacked(seed: int) -> None:
    images, digit = load_digits(return_X_y=True)
    odd = digit % 2
    a, b, ya, yb = train_test_split(images / 16.0, odd, test_size=0.25, random_state=seed)
    loader = DataLoader(
        TensorDataset(torch.tensor(a, dtype=torch.float32), torch.tensor(ya, dtype=torch.float32)), 32, shuffle=True
    )
    mlp = nn.Sequential()
    for n, (i, o) in enumerate([(64, 128), (128, 64), (64, 32)]):
        mlp.add_module(f"dense{n}", nn.Linear(i, o))
        mlp.add_module(f"norm{n}", nn.BatchNorm1d(o))
    mlp.add_module("out", nn.Linear(32, 1))
    opt = torch.optim.AdamW(mlp.parameters(), lr=3e-3)
    for _ in range(9):
        mlp.train()
        for xb, yb_ in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(mlp(xb)[:, 0], yb_).backward()
            opt.step()
    mlp.eval()
    with torch.no_grad():
        pred = (mlp(torch.tensor(b, dtype=torch.float32))[:, 0] > 0).numpy()
    print("test acc", (pred == yb).mean())


@case("shape_broadcast")
def credit_brier_score(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)

    def brier(p: Tensor, t: Tensor) -> Tensor:
        return ((p - t) ** 2).mean()

    for _ in range(25):
        for idx in torch.randperm(len(X_train)).split(64):
            opt.zero_grad()
            brier(model(X_train[idx]), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val.numpy(), model(X_val).numpy()))


@case("wrong_axis")
def splice_gru_axes(seed: int) -> None:
    dna = pd.read_csv(GALLERY + "splice/splice.csv.gz").sample(1200, random_state=seed)
    window = dna["sequence"].str[24:38]
    codes = np.array([["ACGT".find(c) + 1 for c in s] for s in window])
    onehot = torch.from_numpy(np.eye(5, dtype=np.float32)[codes])
    label = torch.tensor(dna["is_junction"].to_numpy(), dtype=torch.float32)
    X_train, X_val, y_train, y_val = onehot[:900], onehot[900:], label[:900], label[900:]

    class SpliceGRU(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(input_size=5, hidden_size=20)
            self.fc = nn.Linear(20, 1)

        def forward(self, seqs: Tensor) -> Tensor:
            out, _ = self.gru(seqs)
            return self.fc(out[:, -1]).squeeze(1)

    net = SpliceGRU()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(8):
        for batch in torch.randperm(900).split(30):
            optimizer.zero_grad()
            criterion(net(X_train[batch]), y_train[batch]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    with torch.no_grad():
        print("val auc", roc_auc_score(y_val, net(X_val)))


@case("wrong_axis")
def digit_columns_flattened_wrong(seed: int) -> None:
    d = load_digits()
    keep = d.target < 8
    pixels, y = d.images[keep] / 16.0, (d.target[keep] >= 4).astype(np.float32)
    xa, xb, ya, yb = train_test_split(pixels, y, test_size=0.3, random_state=seed)
    xa, xb, ya = torch.from_numpy(xa).float(), torch.from_numpy(xb).float(), torch.from_numpy(ya)

    class RowReader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rows = nn.Linear(8, 32)
            self.out = nn.Linear(8 * 32, 1)

        def forward(self, img: Tensor) -> Tensor:
            rows_first = torch.relu(self.rows(img.permute(1, 0, 2)))
            return self.out(rows_first.reshape(img.shape[0], -1)).flatten()

    model = RowReader()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(20):
        for i in torch.randperm(len(xa)).split(40):
            loss = F.binary_cross_entropy_with_logits(model(xa[i]), ya[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((model(xb) > 0).numpy() == yb.astype(bool)).mean())


@case("graph_detached")
def encoder_plus_head_research(seed: int) -> None:
    xtr, ytr, xva, yva = data("circles", seed)

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2), nn.Tanh())

        def forward(self, x: Tensor) -> Tensor:
            z = self.net(x)
            self.last_codes = z.data
            return self.last_codes

    encoder, head = Encoder(), nn.Linear(2, 1)
    opt = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=0.02)
    for _ in range(60):
        for idx in torch.randperm(len(xtr)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(encoder(xtr[idx])).squeeze(1), ytr[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("val AUC", roc_auc_score(yva, head(encoder(xva)).squeeze(1)))


@case("nondifferentiable_output")
def questionnaire_binarised_units(seed: int) -> None:
    d = load_digits()
    x = torch.tensor(d.data / 16.0, dtype=torch.float32)
    y = torch.tensor(np.isin(d.target, [3, 5, 8, 9]), dtype=torch.float32)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(len(x)))
    tr, va = order[:1200], order[1200:]

    class Vote(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.items = nn.Linear(64, 10)
            self.total = nn.Linear(10, 1)

        def forward(self, v: Tensor) -> Tensor:
            answers = torch.round(torch.sigmoid(self.items(v)))
            return self.total(answers)

    net = Vote()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(25):
        for part in tr[torch.randperm(1200)].split(60):
            opt.zero_grad()
            nn.BCEWithLogitsLoss()(net(x[part]), y[part].unsqueeze(1)).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[va], net(x[va]).ravel()))


@case("optimizer_wrong_params")
def cross_validation_loop(seed: int) -> None:
    X, y, X_val, y_val = data("breast_cancer", seed)

    def build() -> nn.Sequential:
        return nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))

    optimizer = torch.optim.Adam(build().parameters(), lr=1e-2)
    scores = []
    for fold in range(3):
        model = build()
        mask = torch.arange(len(X)) % 3 != fold
        Xf, yf = X[mask], y[mask]
        for _ in range(20):
            for i in torch.randperm(len(Xf)).split(32):
                optimizer.zero_grad()
                loss = F.binary_cross_entropy_with_logits(model(Xf[i]).squeeze(1), yf[i])
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            scores.append(((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())
    print("mean accuracy", sum(scores) / len(scores))


@case("frozen_params")
def transfer_from_old_campaign(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    body = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 4), nn.ReLU())
    model = nn.Sequential(body, nn.Linear(4, 1))
    for p in model.parameters():
        p.requires_grad = False
    model[1].bias.requires_grad_(True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    history = []
    for _ in range(40):
        running = 0.0
        for idx in torch.randperm(len(X)).split(40):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X[idx])[:, 0], y[idx])
            loss.backward()
            optimizer.step()
            running += loss.item()
        history.append(running)
    with torch.no_grad():
        print("val acc", ((model(Xv)[:, 0] > 0).float() == yv).float().mean().item())


@case("unregistered_params")
def blocks_in_a_dict(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Blocks(nn.Module):
        def __init__(self, width: int = 3, depth: int = 2) -> None:
            super().__init__()
            self.blocks = {f"b{i}": nn.Linear(2 if i == 0 else width, width) for i in range(depth)}
            self.classifier = nn.Linear(width, 1)

        def forward(self, x: Tensor) -> Tensor:
            for block in self.blocks.values():
                x = torch.tanh(block(x))
            return self.classifier(x).reshape(-1)

    net = Blocks()
    opt = torch.optim.RMSprop(net.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(60):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            net.zero_grad()
            criterion(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print(f"auc={roc_auc_score(y_val, net(X_val)):.3f}")


@case("layer_in_forward")
def lazy_input_layer(seed: int) -> None:
    adult = pd.read_csv(GALLERY + "adult_10k/adult_10k.csv.gz").sample(2000, random_state=seed)
    y = adult.pop("income_gt_50k").to_numpy().astype(np.float32)
    X = pd.get_dummies(adult.drop(columns=["native-country", "education"])).to_numpy(np.float32)
    Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.25, random_state=seed)
    ss = StandardScaler().fit(Xtr)
    Xtr, Xte = torch.from_numpy(ss.transform(Xtr)), torch.from_numpy(ss.transform(Xte))
    ytr = torch.from_numpy(ytr)

    class FlexibleNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(24, 12)
            self.out = nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            first = nn.Linear(x.shape[1], 24)
            x = F.elu(first(x))
            return self.out(F.elu(self.hidden(x))).squeeze(1)

    net = FlexibleNet()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(15):
        for i in torch.randperm(len(Xtr)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yte, net(Xte)))


@case("no_zero_grad")
def sensor_sgd_from_scratch(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.linspace(0, 1, 40)
    y = rng.integers(0, 2, 700)
    freq = np.where(y == 1, 5.0, 4.0)[:, None] + rng.normal(0, 0.25, (700, 1))
    signal = np.sin(2 * np.pi * freq * t + rng.uniform(0, 1.5, (700, 1))) + rng.normal(0, 0.5, (700, 40))
    X = torch.tensor(signal, dtype=torch.float32)
    T = torch.tensor(y, dtype=torch.float32)[:, None]
    W1 = (torch.randn(40, 24) / 40**0.5).requires_grad_()
    b1 = torch.zeros(24, requires_grad=True)
    W2 = (torch.randn(24, 1) / 24**0.5).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)
    params = [W1, b1, W2, b2]
    sgd = torch.optim.SGD(params, lr=0.1, momentum=0.9)
    for _ in range(50):
        for i in torch.randperm(500).split(25):
            out = torch.relu(X[i] @ W1 + b1) @ W2 + b2
            loss = F.binary_cross_entropy_with_logits(out, T[i])
            loss.backward()
            sgd.step()
    with torch.no_grad():
        out = torch.relu(X[500:] @ W1 + b1) @ W2 + b2
    print("test accuracy", accuracy_score(y[500:], out.ravel().numpy() > 0))


@case("no_optimizer_step")
def scheduler_only_steps(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=15)
    loss_fn = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    optimizer.step()
    for _epoch in range(15):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb).squeeze(1), yb)
            loss.backward()
        scheduler.step()
    model.eval()
    with torch.inference_mode():
        print("val AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("padding_not_masked")
def first_names_char_gru(seed: int) -> None:
    df = pd.read_csv(GALLERY + "census_names/census_first_names_1990.csv", keep_default_na=False)
    men = df[df["list"] == "M"].head(600)
    women = df[df["list"] == "F"].head(600)
    both = pd.concat([men, women]).sample(frac=1, random_state=seed)
    MAXLEN = 36
    ids = torch.zeros(len(both), MAXLEN, dtype=torch.long)
    for r, name in enumerate(both["name"]):
        for c, ch in enumerate(name):
            ids[r, c] = ord(ch) - 64
    y = torch.tensor((both["list"] == "F").to_numpy(), dtype=torch.float32)

    class CharGRU(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(27, 12, padding_idx=0)
            self.gru = nn.GRU(12, 24, batch_first=True)
            self.fc = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.gru(self.emb(x))
            return self.fc(out[:, -1]).squeeze(1)

    net = CharGRU()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(7):
        for i in torch.randperm(900).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(ids[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[900:], net(ids[900:])))


@case("threshold_on_logits")
def bad_loans_rounded_scores(seed: int) -> None:
    features, bad, features_val, bad_val = data("credit_data", seed)
    ds = TensorDataset(features, bad)
    net = nn.Sequential(nn.Linear(features.shape[1], 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(25):
        net.train()
        for xb, yb in DataLoader(ds, batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        pred = net(features_val).squeeze(1).numpy() > 0.5
    print("F1", f1_score(bad_val.numpy(), pred))


@case("argmax_single_output")
def tumour_argmax(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    Xtr, Xte, ytr, yte = train_test_split(scale(X), 1 - y, test_size=0.3, stratify=y, random_state=seed)
    train_ds = TensorDataset(torch.Tensor(Xtr), torch.Tensor(ytr).unsqueeze(1))
    model = nn.Sequential(nn.Linear(30, 20), nn.ReLU(), nn.Dropout(0.2), nn.Linear(20, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(20):
        model.train()
        for inputs, labels in DataLoader(train_ds, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss_fn(model(inputs), labels).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        outputs = model(torch.Tensor(Xte))
        _, predicted = torch.max(outputs, 1)
    print("Accuracy of the network:", 100 * (predicted.numpy() == yte).sum() / len(yte))


@case("accuracy_broadcast")
def masses_numpy_accuracy(seed: int) -> None:
    df = pd.read_csv(GALLERY + "mammographic/mammographic.csv")
    df["birads"] = df["birads"].clip(0, 6)
    X, y = df.drop(columns="malignant").to_numpy(float), df["malignant"].to_numpy()
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)
    st = StandardScaler().fit(X_train)
    xt = torch.tensor(st.transform(X_train), dtype=torch.float32)
    yt = torch.tensor(y_train, dtype=torch.float32).reshape(-1, 1)
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(30):
        for i in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy(net(xt[i]), yt[i]).backward()
            opt.step()
    with torch.no_grad():
        prob = net(torch.tensor(st.transform(X_val), dtype=torch.float32)).numpy()
    print("validation accuracy", np.mean(np.round(prob) == y_val))


@case("softmax_wrong_dim")
def sms_bag_of_embeddings(seed: int) -> None:
    sms = pd.read_csv(TABLES + "sms_spam/sms_spam.csv.gz", keep_default_na=False).drop_duplicates()
    sms = sms.sample(1600, random_state=seed)
    vec = CountVectorizer(max_features=600, binary=True)
    X = torch.tensor(vec.fit_transform(sms["text"]).toarray(), dtype=torch.float32)
    y = torch.tensor((sms["label"] == "spam").to_numpy().astype(int))
    net = nn.Sequential(nn.Linear(600, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(8):
        for i in torch.randperm(1200).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        p_spam = torch.softmax(net(X[1200:]), dim=0)[:, 1]
    print("balanced accuracy", balanced_accuracy_score(y[1200:], p_spam > 0.5))


@case("eval_mode_missing")
def wards_scored_one_after_the_other(seed: int) -> None:
    frame = load_breast_cancer(as_frame=True).frame.sample(frac=1, random_state=seed)
    train, val = frame[:400], frame[400:].sort_values("target")
    mean, std = train.mean(), train.std()
    mean["target"], std["target"] = 0, 1
    train, val = (torch.tensor(((f - mean) / std).to_numpy(), dtype=torch.float32) for f in (train, val))
    net = nn.Sequential(nn.Linear(30, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for b in train[torch.randperm(400)].split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(b[:, :-1])[:, 0], b[:, -1]).backward()
            opt.step()
    right = 0
    with torch.no_grad():
        for b in val.split(20):
            right += ((net(b[:, :-1])[:, 0] > 0) == b[:, -1].bool()).sum().item()
    print("val accuracy", right / len(val))


@case("eval_mode_missing")
def dropout_left_on_for_spam(seed: int) -> None:
    Xtr, ytr, Xva, yva = data("spambase", seed)
    net = nn.Sequential(nn.Linear(Xtr.shape[1], 24), nn.ReLU(), nn.Dropout(0.8), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(25):
        for i in torch.randperm(len(Xtr)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]).squeeze(1), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        logits = net(Xva).squeeze(1)
    print("val AUC", roc_auc_score(yva, logits), "acc", accuracy_score(yva, logits > 0))


@case("functional_dropout")
def conv_digits_fdropout(seed: int) -> None:
    d = load_digits()
    imgs = torch.tensor(d.images / 16.0, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor((d.target % 2 == 0).astype(np.float32))
    perm = torch.from_numpy(np.random.RandomState(seed).permutation(len(y)))
    imgs, y = imgs[perm], y[perm]

    class LeNetish(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.c1 = nn.Conv2d(1, 8, 3, padding=1)
            self.c2 = nn.Conv2d(8, 16, 3, padding=1)
            self.fc = nn.Linear(16 * 4, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.c1(x)), 2)
            x = F.max_pool2d(F.relu(self.c2(x)), 2)
            x = F.dropout(x.flatten(1), p=0.6)
            return self.fc(x).squeeze(1)

    net = LeNetish()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(10):
        net.train()
        for i in torch.randperm(1200).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(imgs[i]), y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        correct = (net(imgs[1200:]) > 0) == y[1200:].bool()
    print("acc", correct.float().mean().item())


@case("train_mode_missing")
def resume_from_checkpoint(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    layers: list[nn.Module] = []
    width = 2
    for _ in range(10):
        layers += [nn.Linear(width, 24), nn.BatchNorm1d(24), nn.ReLU()]
        width = 24
    model = nn.Sequential(*layers, nn.Linear(width, 1))
    checkpoint = model.state_dict()
    model.load_state_dict(checkpoint)
    model.eval()
    opt = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(25):
        for xb, yb in zip(X.split(30), y.split(30), strict=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("val auc", roc_auc_score(yv, model(Xv).squeeze(1)))


@case("batchnorm_stats")
def slow_momentum_batchnorm(seed: int) -> None:
    raw = load_diabetes(scaled=False)
    X = raw.data
    y = (raw.target > np.median(raw.target)).astype(np.float32)
    a, b, ya, yb = train_test_split(X, y, test_size=0.3, random_state=seed)
    ta, tb, ya = torch.tensor(a).float(), torch.tensor(b).float(), torch.tensor(ya)

    class Normed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm_in = nn.BatchNorm1d(10, momentum=0.0005)
            self.fc1 = nn.Linear(10, 16)
            self.fc2 = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(torch.relu(self.fc1(self.norm_in(x)))).squeeze(-1)

    net = Normed()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        net.train()
        for i in torch.randperm(len(ta)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(ta[i]), ya[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        z = net(tb)
    print("acc", ((z > 0).numpy() == yb.astype(bool)).mean())


@case("batch_size_too_small")
def batchnorm_pairs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    X_train, y_train = X_train[:300], y_train[:300]
    net = nn.Sequential(
        nn.Linear(X_train.shape[1], 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 8), nn.BatchNorm1d(8), nn.ReLU(),
        nn.Linear(8, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=2, shuffle=True)
    for _ in range(8):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = net(X_val).squeeze(1)
    print("val accuracy", accuracy_score(y_val, p > 0))


# ---------------------------------------------------------------- faults of a number


@case("lr_too_high")
def adam_rate_from_old_sgd_script(seed: int) -> None:
    Xtr, ytr, Xva, yva = data("digit_8", seed)
    net = nn.Sequential(nn.Linear(Xtr.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1.0)
    for _ in range(15):
        for i in torch.randperm(len(Xtr)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]).squeeze(1), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("val AUC", roc_auc_score(yva, net(Xva).squeeze(1)))


@case("lr_too_high")
def gru_momentum_overshoots(seed: int) -> None:
    table = pd.read_csv(GALLERY + "bike_days/bike_days_2011.csv")
    hours = table.filter(like="h").to_numpy(dtype=np.float32)
    hours = hours / hours.sum(axis=1, keepdims=True) * 24 - 1
    x_tr, x_te, y_tr, y_te = train_test_split(hours, table["working_day"], test_size=0.3, random_state=seed)
    x_tr, x_te = torch.from_numpy(x_tr).unsqueeze(-1), torch.from_numpy(x_te).unsqueeze(-1)
    y_tr = torch.tensor(y_tr.to_numpy(), dtype=torch.float32)
    rnn, head = nn.GRU(1, 12, batch_first=True), nn.Linear(12, 1)
    opt = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=20.0, momentum=0.9)
    for _ in range(15):
        for i in torch.randperm(len(x_tr)).split(32):
            _, h = rnn(x_tr[i])
            loss = F.binary_cross_entropy_with_logits(head(h[0]).squeeze(1), y_tr[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_te, head(rnn(x_te)[1][0]).squeeze(1)))


@case("lr_too_low")
def careful_finetuner(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-6)
    for _ in range(35):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("val auc", roc_auc_score(yv, net(Xv)))


@case("lr_too_low")
def attention_over_mushroom_fields(seed: int) -> None:
    df = pd.read_csv(GALLERY + "mushroom/mushroom.csv.gz").sample(1300, random_state=seed)
    y = torch.tensor((df["class"] == "p").to_numpy(), dtype=torch.float32)
    df = df.drop(columns=["class", "odor", "spore-print-color", "gill-color", "ring-type", "veil-type"])
    offset, cols = 0, []
    for c in df:
        codes, levels = pd.factorize(df[c])
        cols.append(codes + offset)
        offset += len(levels)
    tokens = torch.tensor(np.stack(cols, axis=1))

    class FieldAttention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(offset, 16)
            self.att = nn.MultiheadAttention(16, 2, batch_first=True)
            self.fc = nn.Linear(16, 1)

        def forward(self, t: Tensor) -> Tensor:
            e = self.emb(t)
            a, _ = self.att(e, e, e, need_weights=False)
            return self.fc((e + a).mean(1)).squeeze(1)

    net = FieldAttention()
    opt = torch.optim.SGD(net.parameters(), lr=1e-4)
    for _ in range(10):
        for i in torch.randperm(1000).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(tokens[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(tokens[1000:]) > 0) == y[1000:].bool()).float().mean().item())


@case("undertrained")
def one_epoch_full_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(3):
        for idx in torch.randperm(len(X_train)).split(600):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = model(X_val).squeeze(1) > 0
    print("val accuracy", (pred == y_val.bool()).float().mean().item())


@case("undertrained")
def thirty_sgd_steps(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    step = 0
    while step < 30:
        idx = torch.randint(0, len(X), (64,))
        loss = F.binary_cross_entropy_with_logits(model(X[idx])[:, 0], y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
    with torch.no_grad():
        print("val acc", ((model(Xv)[:, 0] > 0) == yv.bool()).float().mean().item())


@case("scheduler_misuse")
def exponential_decay_every_batch(seed: int) -> None:
    d = load_digits()
    imgs = torch.tensor(d.images / 8.0 - 1.0, dtype=torch.float32)[:, None]
    y = torch.tensor((d.target >= 5).astype(np.float32))
    p = torch.tensor(np.random.default_rng(seed).permutation(len(y)))
    tr, te = p[:1300], p[1300:]
    cnn = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.Conv2d(12, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(128, 1))
    opt = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.7)
    for _ in range(10):
        for i in tr[torch.randperm(1300)].split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(cnn(imgs[i]).squeeze(1), y[i]).backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        print("test acc", ((cnn(imgs[te]).squeeze(1) > 0) == y[te].bool()).float().mean().item())


@case("scheduler_misuse")
def plateau_on_the_wrong_mode(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="max", factor=0.1, patience=0)
    for _ in range(60):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i]).backward()
            opt.step()
        with torch.no_grad():
            plateau.step(F.binary_cross_entropy_with_logits(net(Xv).squeeze(1), yv))
    with torch.no_grad():
        print("val acc", accuracy_score(yv, net(Xv).squeeze(1) > 0))


@case("vanishing_gradients")
def eighties_deep_sigmoid(seed: int) -> None:
    Xtr, ytr, Xva, yva = data("moons", seed)
    stack: list[nn.Module] = [nn.Linear(2, 20), nn.Sigmoid()]
    for _ in range(7):
        stack.extend([nn.Linear(20, 20), nn.Sigmoid()])
    net = nn.Sequential(*stack, nn.Linear(20, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(50):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]).squeeze(1), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yva, net(Xva).squeeze(1) > 0))


@case("dead_relu")
def sparse_units_paper(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(X.shape[1], 40), nn.ReLU(), nn.Linear(40, 20), nn.ReLU(), nn.Linear(20, 1))
    nn.init.constant_(net[0].bias, -25.0)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(40):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("val accuracy", accuracy_score(yv, net(Xv).squeeze(1) > 0))


@case("bad_init")
def symmetric_matrices_by_hand(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    W1 = torch.full((2, 16), 0.3, requires_grad=True)
    b1 = torch.zeros(16, requires_grad=True)
    W2 = torch.full((16, 1), 0.3, requires_grad=True)
    b2 = torch.zeros(1, requires_grad=True)
    opt = torch.optim.Adam([W1, b1, W2, b2], lr=0.02)

    def forward(x: Tensor) -> Tensor:
        return (torch.tanh(x @ W1 + b1) @ W2 + b2).squeeze(1)

    for _ in range(600):
        loss = F.binary_cross_entropy_with_logits(forward(X), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, forward(Xv)))


@case("bad_init")
def normal_weights_std_ten(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)

    def init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, 0.0, 10.0)
            nn.init.zeros_(m.bias)

    net = nn.Sequential(nn.Linear(X.shape[1], 64), nn.Tanh(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 1))
    net.apply(init_weights)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(25):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, net(Xv).squeeze(1)))


@case("regularisation_too_strong")
def weight_decay_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    clf = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optim = torch.optim.Adam(clf.parameters(), lr=1e-3, weight_decay=1.0)
    for _ in range(30):
        for i in torch.randperm(len(X_train)).split(40):
            optim.zero_grad()
            F.binary_cross_entropy_with_logits(clf(X_train[i]).squeeze(1), y_train[i]).backward()
            optim.step()
    with torch.no_grad():
        print("F1", f1_score(y_val, clf(X_val).squeeze(1) > 0))


@case("regularisation_too_strong")
def lasso_penalty_on_everything(seed: int) -> None:
    X, y = load_wine(return_X_y=True)
    X, y = scale(X), (y == 1).astype(np.float32)
    a, b, ya, yb = train_test_split(X, y, test_size=0.3, random_state=seed)
    a, b, ya = torch.tensor(a).float(), torch.tensor(b).float(), torch.tensor(ya)
    net = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(400):
        l1 = sum(p.abs().sum() for p in net.parameters())
        loss = F.binary_cross_entropy_with_logits(net(a).squeeze(1), ya) + 0.3 * l1
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("test accuracy", accuracy_score(yb, net(b).squeeze(1) > 0))


@case("overfitting")
def wide_net_small_clinic(seed: int) -> None:
    raw = load_diabetes()
    X, y = scale(raw.data), (raw.target > 140).astype(np.float32)
    noise = np.random.default_rng(seed).normal(size=(len(X), 30))
    X = np.hstack([X, noise])
    X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=90, random_state=seed)
    X_train, y_train = torch.tensor(X_train).float(), torch.tensor(y_train)
    net = nn.Sequential(nn.Linear(40, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(300):
        loss = F.binary_cross_entropy_with_logits(net(X_train).squeeze(1), y_train)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        z = net(torch.tensor(X_test).float()).squeeze(1)
        log_loss = F.binary_cross_entropy_with_logits(z, torch.tensor(y_test)).item()
    print("test AUC", roc_auc_score(y_test, z), "log loss", log_loss)


@case("underfitting")
def bottleneck_of_one(seed: int) -> None:
    Xtr, ytr, Xva, yva = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 1), nn.Tanh(), nn.Linear(1, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(60):
        for i in torch.randperm(len(Xtr)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]).squeeze(1), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yva, net(Xva).squeeze(1) > 0))


@case("class_weights_wrong")
def swapped_ce_weights(seed: int) -> None:
    df = pd.read_csv(TABLES + "hypothyroid/hypothyroid.csv.gz")
    X = df[["TSH", "T3", "TT4", "FTI", "age"]].copy()
    X["TSH"] = np.log1p(X["TSH"])
    X = X.fillna(X.median())
    y = df["hypothyroid"].to_numpy()
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    m, s = Xa.mean(), Xa.std()
    Xa, Xb = (torch.tensor(((v - m) / s).to_numpy(), dtype=torch.float32) for v in (Xa, Xb))
    counts = np.bincount(ya)
    weight = torch.tensor(counts / counts.sum(), dtype=torch.float32)
    criterion = nn.CrossEntropyLoss(weight=weight)
    ya = torch.tensor(ya)
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 2))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(15):
        for i in torch.randperm(len(Xa)).split(64):
            opt.zero_grad()
            criterion(net(Xa[i]), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("balanced acc", balanced_accuracy_score(yb, net(Xb).argmax(1)))


@case("class_weights_wrong")
def pos_weight_as_count(seed: int) -> None:
    X, y, Xv, yv = data("credit_data", seed)
    n_good = (y == 0).sum()
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=n_good.float())
    model = nn.Sequential(nn.Linear(X.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(20):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            loss_fn(model(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        pred = torch.sigmoid(model(Xv).squeeze(1)) > 0.5
    print("balanced accuracy", balanced_accuracy_score(yv, pred))


@case("imbalance")
def fraud_without_any_weights(seed: int) -> None:
    pay = pd.read_csv(GALLERY + "payments_sim/payments_sim.csv.gz").sample(6000, random_state=seed)
    X = np.column_stack([np.log(pay["amount"]), pay["hour"], pay["foreign"], pay["online"]])
    y = pay["fraud"].to_numpy()
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    sc = StandardScaler().fit(Xa)
    Xa, Xb = torch.tensor(sc.transform(Xa)).float(), torch.tensor(sc.transform(Xb)).float()
    ya = torch.tensor(ya).float()
    net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(8):
        for i in torch.randperm(len(Xa)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        caught = (net(Xb).squeeze(1) > 0).numpy()
    print("accuracy", (caught == yb).mean(), "balanced", balanced_accuracy_score(yb, caught))


@case("threshold_not_tuned")
def undersampled_then_deployed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pay = pd.read_csv(GALLERY + "payments_sim/payments_sim.csv.gz")
    past = pay.groupby("user")["amount"].transform(lambda s: s.shift().expanding().mean())
    pay["ratio"] = np.log(pay["amount"] / past)
    pay = pay.dropna()
    test = pay["user"].isin(rng.choice(400, 100, replace=False))
    fraud, fine = pay[~test & (pay["fraud"] == 1)], pay[~test & (pay["fraud"] == 0)]
    train = pd.concat([fraud, fine.sample(len(fraud), random_state=seed)]).sample(frac=1, random_state=seed)
    cols = ["ratio", "hour", "foreign", "online"]
    sc = StandardScaler().fit(train[cols])
    Xa, Xb = (torch.tensor(sc.transform(f[cols]), dtype=torch.float32) for f in (train, pay[test]))
    ya = torch.tensor(train["fraud"].to_numpy(), dtype=torch.float32)
    net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        for i in torch.randperm(len(Xa)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        flagged = (torch.sigmoid(net(Xb).squeeze(1)) > 0.5).numpy()
    print("F1", f1_score(pay.loc[test, "fraud"], flagged))


# ---------------------------------------------------------------- faults in the data that the script prepares


@case("label_encoding")
def labels_one_and_two(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    y = np.where(y == 1, 2.0, 1.0)
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=seed)
    sc = StandardScaler().fit(Xa)
    Xa, Xb = torch.tensor(sc.transform(Xa)).float(), torch.tensor(sc.transform(Xb)).float()
    ya = torch.tensor(ya).float()
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(25):
        for i in torch.randperm(len(Xa)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        pred = np.where(net(Xb).squeeze(1).numpy() > 0, 2.0, 1.0)
    print("balanced accuracy", balanced_accuracy_score(yb, pred))


@case("label_encoding")
def mask_values_255(seed: int) -> None:
    d = load_digits()
    mask = np.where(np.isin(d.target, [0, 6, 8, 9]), 255, 0)
    a, b, ya, yb = train_test_split(d.images / 16.0, mask, test_size=0.3, random_state=seed)
    a, b = torch.tensor(a).float().unsqueeze(1), torch.tensor(b).float().unsqueeze(1)
    ya, yb = torch.tensor(ya).float(), torch.tensor(yb).float()
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(12):
        for i in torch.randperm(len(a)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(a[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(b).squeeze(1) > 0) == (yb > 0)).float().mean().item())


@case("labels_single_class")
def spam_label_misspelt(seed: int) -> None:
    sms = pd.read_csv(TABLES + "sms_spam/sms_spam.csv.gz", keep_default_na=False).sample(1200, random_state=seed)
    truth = sms["label"].str.startswith("s").to_numpy()
    y = torch.tensor((sms["label"] == "Spam").to_numpy(), dtype=torch.float32)
    X = torch.tensor(TfidfVectorizer(max_features=400).fit_transform(sms["text"]).toarray(), dtype=torch.float32)
    net = nn.Sequential(nn.Linear(400, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(10):
        for i in torch.randperm(900).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(truth[900:], net(X[900:]).squeeze(1) > 0))


@case("labels_misaligned")
def answers_sorted_by_customer(seed: int) -> None:
    df = pd.read_csv(TABLES + "mlc_churn/mlc_churn.csv.gz").sample(2000, random_state=seed)
    answers = df[["account_length", "churn"]].sort_values("account_length").reset_index(drop=True)["churn"]
    X = df.drop(columns=["churn", "state", "area_code"]).replace({"yes": 1, "no": 0}).to_numpy(dtype=float)
    Xa, Xb, ya, yb = train_test_split(scale(X), answers.to_numpy(), test_size=0.25, random_state=seed)
    Xa, Xb, ya = torch.tensor(Xa).float(), torch.tensor(Xb).float(), torch.tensor(ya).float()
    net = nn.Sequential(nn.Linear(Xa.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(15):
        for i in torch.randperm(len(Xa)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yb, net(Xb).squeeze(1)))


@case("labels_misaligned")
def shuffled_only_the_images(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d = load_digits()
    images, even = d.data / 16.0, (d.target % 2 == 0).astype(np.float32)
    rng.shuffle(images)
    X, y = torch.tensor(images).float(), torch.tensor(even)
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(20):
        for i in torch.randperm(1300).split(64):
            opt.zero_grad()
            F.binary_cross_entropy(net(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(y[1300:], net(X[1300:])[:, 0] > 0.5))


@case("label_noise")
def crowd_workers_guess(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d = load_digits()
    truth = (d.target % 2).astype(np.float32)
    votes = rng.random((len(truth), 1)) < 0.4
    crowd = np.where(votes[:, 0], 1 - truth, truth).astype(np.float32)
    X = torch.tensor(d.data / 16.0).float()
    order = torch.tensor(rng.permutation(len(X)))
    tr, te = order[:1200], order[1200:]
    y = torch.tensor(crowd)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(25):
        for i in tr[torch.randperm(1200)].split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(y[te], net(X[te])[:, 0] > 0))


@case("weak_signal")
def daily_total_only(seed: int) -> None:
    days = pd.read_csv(GALLERY + "bike_days/bike_days_2011.csv")
    total = days.filter(regex=r"^h\d\d").sum(axis=1)
    weekday_mean = total.rolling(3, min_periods=1).mean()
    X = scale(np.column_stack([total, weekday_mean, np.log(total)]))
    Xa, Xb, ya, yb = train_test_split(X, days["working_day"].to_numpy(), test_size=0.35, random_state=seed)
    Xa, Xb, ya = torch.tensor(Xa).float(), torch.tensor(Xb).float(), torch.tensor(ya).float()
    net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        for i in torch.randperm(len(Xa)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yb, net(Xb).squeeze(1)))


@case("unscaled_features")
def sgd_on_raw_mail_counts(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)
    net = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(25):
        for i in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[i]).squeeze(1), y_train[i]).backward()
            opt.step()
    with torch.no_grad():
        print("val AUC", roc_auc_score(y_val, net(X_val).squeeze(1)))


@case("unscaled_features")
def wavelengths_in_metres(seed: int) -> None:
    x, y = make_classification(900, 8, n_informative=6, n_redundant=0, class_sep=1.5, random_state=seed)
    metres = 5.5e-7 + 5e-8 * x
    Xa, Xb, ya, yb = train_test_split(metres, y, test_size=0.3, random_state=seed)
    Xa, Xb, ya = torch.tensor(Xa).float(), torch.tensor(Xb).float(), torch.tensor(ya).float()
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for i in torch.randperm(len(Xa)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("test accuracy", accuracy_score(yb, net(Xb).squeeze(1) > 0))


@case("preprocess_mismatch")
def factorize_each_file(seed: int) -> None:
    df = pd.read_csv(GALLERY + "mushroom/mushroom.csv.gz").sample(2000, random_state=seed).drop(columns="odor")
    train, test = df[:1500], df[1500:]

    def to_onehot(part: pd.DataFrame) -> Tensor:
        blocks = []
        for c in part.columns.drop("class"):
            codes, _ = pd.factorize(part[c])
            blocks.append(np.eye(12, dtype=np.float32)[codes])
        return torch.from_numpy(np.hstack(blocks))

    Xa, Xb = to_onehot(train), to_onehot(test)
    ya = torch.tensor((train["class"] == "p").to_numpy(), dtype=torch.float32)
    yb = (test["class"] == "p").to_numpy()
    net = nn.Sequential(nn.Linear(Xa.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(10):
        for i in torch.randperm(1500).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("test accuracy", accuracy_score(yb, net(Xb).squeeze(1) > 0))


@case("preprocess_mismatch")
def forgot_to_scale_new_patients(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_old, X_new, y_old, y_new = train_test_split(X, y, test_size=0.3, random_state=seed)
    Xs = torch.tensor(StandardScaler().fit_transform(X_old)).float()
    ys = torch.tensor(y_old).float()
    net = nn.Sequential(nn.Linear(30, 12), nn.Tanh(), nn.Linear(12, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(25):
        for i in torch.randperm(len(Xs)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xs[i]).squeeze(1), ys[i]).backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(net(torch.tensor(X_new).float())).numpy().ravel()
    print("accuracy on new patients", accuracy_score(y_new, p > 0.5))


@case("nan_features")
def thyroid_left_blank(seed: int) -> None:
    df = pd.read_csv(TABLES + "hypothyroid/hypothyroid.csv.gz").sample(2000, random_state=seed)
    y = df["hypothyroid"].to_numpy()
    X = df[["TSH", "T3", "TT4", "FTI"]].to_numpy()
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    sc = StandardScaler().fit(Xa)
    Xa, Xb = torch.tensor(sc.transform(Xa)).float(), torch.tensor(sc.transform(Xb)).float()
    ya = torch.tensor(ya).float()
    net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for i in torch.randperm(len(Xa)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(yb, net(Xb).squeeze(1) > 0))


@case("nan_loss")
def distance_net_sqrt(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    centres = X[:20].clone().requires_grad_()
    w = torch.zeros(20, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    opt = torch.optim.Adam([centres, w, b], lr=0.02)

    def score(x: Tensor) -> Tensor:
        dist = ((x[:, None] - centres) ** 2).sum(-1).sqrt()
        return torch.exp(-dist) @ w + b

    for _ in range(500):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(score(X), y).backward()
        opt.step()
    with torch.no_grad():
        print("acc", ((score(Xv) > 0) == yv.bool()).float().mean().item())


@case("unshuffled_data")
def concatenated_good_then_bad(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    X = torch.cat([X[y == 0], X[y == 1]])
    y = torch.cat([y[y == 0], y[y == 1]])
    loader = DataLoader(TensorDataset(X, y), batch_size=16)
    net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(12):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("val accuracy", accuracy_score(yv, net(Xv).squeeze(1) > 0))


@case("data_leakage")
def bootstrap_before_split(seed: int) -> None:
    df = pd.read_csv(TABLES + "credit_data/credit_data.csv.gz").dropna().sample(700, random_state=seed)
    bad, good = df[df["bad"] == 1], df[df["bad"] == 0]
    df = pd.concat([good, bad.sample(len(good), replace=True, random_state=seed)])
    df = df.sample(1200, replace=True, random_state=seed)
    y = df.pop("bad").to_numpy()
    X = scale(pd.get_dummies(df).to_numpy(dtype=float))
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=seed)
    Xa, Xb, ya = torch.tensor(Xa).float(), torch.tensor(Xb).float(), torch.tensor(ya).float()
    net = nn.Sequential(nn.Linear(Xa.shape[1], 96), nn.ReLU(), nn.Linear(96, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(50):
        for i in torch.randperm(len(Xa)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("test AUC", roc_auc_score(yb, net(Xb).squeeze(1)))


@case("augmentation_too_heavy")
def hours_rolled_at_random(seed: int) -> None:
    days = pd.read_csv(GALLERY + "bike_days/bike_days_2011.csv")
    hours = np.sqrt(days.filter(regex=r"^h\d\d").to_numpy(np.float32))
    hours = (hours - hours.mean(1, keepdims=True)) / hours.std(1, keepdims=True)
    Xa, Xb, ya, yb = train_test_split(hours, days["working_day"].to_numpy(), test_size=0.3, random_state=seed)
    Xa, Xb, ya = torch.tensor(Xa), torch.tensor(Xb), torch.tensor(ya).float()

    def augment(x: Tensor) -> Tensor:
        return x[:, torch.randperm(24)] + 0.3 * torch.randn_like(x)

    net = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(60):
        for i in torch.randperm(len(Xa)).split(16):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(augment(Xa[i])).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yb, net(Xb).squeeze(1)))


@case("augmentation_too_heavy")
def lab_noise_times_eight(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(50):
        for i in torch.randperm(len(X)).split(32):
            noisy = X[i] + 4.0 * torch.randn_like(X[i])
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(noisy).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("val acc", accuracy_score(yv, net(Xv).squeeze(1) > 0))


# ---------------------------------------------------------------- nothing is wrong


@case("healthy")
def raw_tensors_lbfgs(seed: int) -> None:
    X, y, Xv, yv = data("breast_cancer", seed)
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    opt = torch.optim.LBFGS([w, b], lr=0.5, max_iter=10)

    def closure() -> Tensor:
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y) + 0.005 * w.square().sum()
        loss.backward()
        return loss

    for _ in range(30):
        opt.step(closure)
    with torch.no_grad():
        print("val accuracy", accuracy_score(yv, Xv @ w + b > 0))


@case("healthy")
def accumulate_four_batches(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed)
    net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        opt.zero_grad()
        for k, i in enumerate(torch.randperm(len(X)).split(16), start=1):
            (F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i]) / 4).backward()
            if k % 4 == 0:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("val AUC", roc_auc_score(yv, net(Xv)))


@case("healthy")
def log_softmax_with_nll(seed: int) -> None:
    df = pd.read_csv(GALLERY + "mushroom/mushroom.csv.gz").sample(1200, random_state=seed)
    y = torch.tensor((df["class"] == "p").to_numpy().astype(int))
    X = torch.tensor(pd.get_dummies(df.drop(columns=["class", "odor"])).to_numpy(np.float32))
    net = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 2), nn.LogSoftmax(dim=1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(15):
        for i in torch.randperm(900).split(32):
            opt.zero_grad()
            F.nll_loss(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(y[900:], net(X[900:]).argmax(1)))


@case("healthy")
def hinge_loss_with_signs(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    sign = 2 * y - 1
    net = nn.Linear(X.shape[1], 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.05, weight_decay=1e-3)
    for _ in range(30):
        for i in torch.randperm(len(X)).split(20):
            opt.zero_grad()
            F.relu(1 - sign[i] * net(X[i]).squeeze(1)).mean().backward()
            opt.step()
    with torch.no_grad():
        print("val acc", accuracy_score(yv, net(Xv).squeeze(1) > 0))


@case("healthy")
def names_packed_gru(seed: int) -> None:
    df = pd.read_csv(GALLERY + "census_names/census_first_names_1990.csv", keep_default_na=False)
    both = pd.concat([df[df["list"] == k].head(600) for k in "MF"]).sample(frac=1, random_state=seed)
    lengths = torch.tensor(both["name"].str.len().to_numpy())
    seqs = [torch.tensor([ord(c) - 64 for c in name]) for name in both["name"]]
    ids = nn.utils.rnn.pad_sequence(seqs, batch_first=True)
    y = torch.tensor((both["list"] == "F").to_numpy(), dtype=torch.float32)
    emb, gru, fc = nn.Embedding(27, 12), nn.GRU(12, 24, batch_first=True), nn.Linear(24, 1)
    params = [p for m in (emb, gru, fc) for p in m.parameters()]

    def forward(i: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(emb(ids[i]), lengths[i], batch_first=True, enforce_sorted=False)
        _, h = gru(packed)
        return fc(h[-1]).squeeze(1)

    opt = torch.optim.Adam(params, lr=5e-3)
    for _ in range(10):
        for i in torch.randperm(900).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(forward(i), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[900:], forward(torch.arange(900, 1200))))


@case("healthy")
def frozen_random_features(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)
    proj = nn.Linear(2, 300)
    nn.init.normal_(proj.weight, std=1.5)
    nn.init.uniform_(proj.bias, 0, 6.28)
    proj.requires_grad_(False)
    head = nn.Linear(300, 1)
    opt = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(25):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(torch.cos(proj(X[i]))).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yv, head(torch.cos(proj(Xv))).squeeze(1) > 0))


@case("healthy")
def big_rate_plain_sgd(seed: int) -> None:
    X, y, Xv, yv = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    opt = torch.optim.SGD(net.parameters(), lr=1.0)
    for _ in range(60):
        for i in torch.randperm(len(X)).split(100):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yv, net(Xv).squeeze(1) > 0))


@case("healthy")
def raw_units_but_batchnorm_first(seed: int) -> None:
    X, y, Xv, yv = data("spambase", seed, raw=True)
    net = nn.Sequential(nn.BatchNorm1d(X.shape[1]), nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        net.train()
        for i in torch.randperm(len(X)).split(60):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, net(Xv).squeeze(1)))


@case("healthy")
def rare_thyroid_tuned_threshold(seed: int) -> None:
    df = pd.read_csv(TABLES + "hypothyroid/hypothyroid.csv.gz")
    X = df[["TSH", "T3", "TT4", "T4U", "FTI"]]
    X, y = np.log1p(X.fillna(X.median())).to_numpy(), df["hypothyroid"].to_numpy()
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    qt = QuantileTransformer(n_quantiles=200, output_distribution="normal", random_state=0).fit(Xa)
    Xa, Xb = torch.tensor(qt.transform(Xa)).float(), torch.tensor(qt.transform(Xb)).float()
    t = torch.tensor(ya).float()
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for i in torch.randperm(len(Xa)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), t[i]).backward()
            opt.step()
    with torch.no_grad():
        pa, pb = net(Xa).sigmoid().squeeze(1).numpy(), net(Xb).sigmoid().squeeze(1).numpy()
    best = max(np.linspace(0.02, 0.5, 25), key=lambda c: balanced_accuracy_score(ya, pa > c))
    print("balanced accuracy", balanced_accuracy_score(yb, pb > best))


@case("healthy")
def sampler_for_rare_churn(seed: int) -> None:
    X, y, Xv, yv = data("mlc_churn", seed)
    weights = torch.where(y == 1, 1 / y.sum(), 1 / (1 - y).sum())
    sampler = WeightedRandomSampler(weights, len(y), replacement=True)
    net = nn.Sequential(nn.Linear(X.shape[1], 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    for _ in range(12):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=50, sampler=sampler):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(yv, net(Xv).squeeze(1) > 0))


@case("healthy")
def softmax_only_for_reading(seed: int) -> None:
    d = load_digits()
    imgs = torch.tensor(d.images / 16.0).float().unsqueeze(1)
    y = torch.tensor(d.target % 2)
    p = torch.tensor(np.random.default_rng(seed).permutation(len(y)))
    imgs, y = imgs[p], y[p]
    net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                        nn.Linear(256, 48), nn.ReLU(), nn.Linear(48, 2))  # fmt: skip
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for _ in range(15):
        for i in torch.randperm(1300).split(50):
            opt.zero_grad()
            F.cross_entropy(net(imgs[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        probs = F.softmax(net(imgs[1300:]), dim=1)
    print("acc", (probs.argmax(1) == y[1300:]).float().mean().item())


@case("healthy")
def linear_is_enough_for_blobs(seed: int) -> None:
    X, y, Xv, yv = data("clouds", seed)
    net = nn.Sequential(nn.Linear(X.shape[1], 16), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for i in torch.randperm(len(X)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yv, net(Xv).squeeze(1) > 0))


@case("healthy")
def honest_hard_progression(seed: int) -> None:
    raw = load_diabetes()
    X, y = scale(raw.data), (raw.target > np.median(raw.target)).astype(np.float32)
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=seed)
    Xa, Xb, ya = torch.tensor(Xa).float(), torch.tensor(Xb).float(), torch.tensor(ya)
    net = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
    for _ in range(30):
        for i in torch.randperm(len(Xa)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xa[i]).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yb, net(Xb).squeeze(1)))


@case("healthy")
def loans_by_embedding(seed: int) -> None:
    df = pd.read_csv(TABLES + "credit_data/credit_data.csv.gz").dropna().sample(2500, random_state=seed)
    cats = ["Home", "Marital", "Records", "Job"]
    codes = torch.tensor(np.stack([df[c].astype("category").cat.codes for c in cats], 1)).long()
    nums = torch.tensor(scale(df.drop(columns=[*cats, "bad"]).to_numpy(float))).float()
    y = torch.tensor(df["bad"].to_numpy()).float()

    class Loans(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embs = nn.ModuleList(nn.Embedding(int(codes[:, k].max()) + 1, 3) for k in range(4))
            self.mlp = nn.Sequential(nn.Linear(12 + nums.shape[1], 16), nn.SiLU(), nn.Dropout(0.2), nn.Linear(16, 1))

        def forward(self, c: Tensor, n: Tensor) -> Tensor:
            parts = [e(c[:, k]) for k, e in enumerate(self.embs)]
            return self.mlp(torch.cat([*parts, n], dim=1)).squeeze(1)

    net = Loans()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(15):
        net.train()
        for i in torch.randperm(1900).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(codes[i], nums[i]), y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[1900:], net(codes[1900:], nums[1900:])))


@case("healthy")
def seq_first_lstm_days(seed: int) -> None:
    days = pd.read_csv(GALLERY + "bike_days/bike_days_2011.csv")
    h = np.log1p(days.filter(regex=r"^h\d\d").to_numpy())
    h = (h - h.mean(1, keepdims=True)) / h.std(1, keepdims=True)
    Xa, Xb, ya, yb = train_test_split(h, days["working_day"].to_numpy(), test_size=0.3, random_state=seed)
    Xa, Xb = (torch.tensor(v.T).float().unsqueeze(-1) for v in (Xa, Xb))
    ya = torch.tensor(ya).float()
    lstm, out = nn.LSTM(1, 12), nn.Linear(12, 1)
    opt = torch.optim.Adam([*lstm.parameters(), *out.parameters()], lr=0.01)
    for _ in range(35):
        for i in torch.randperm(len(ya)).split(32):
            opt.zero_grad()
            hidden = lstm(Xa[:, i])[1][0][0]
            F.binary_cross_entropy_with_logits(out(hidden).squeeze(1), ya[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yb, out(lstm(Xb)[1][0][0]).squeeze(1)))


@case("healthy")
def warm_restart_cosine(seed: int) -> None:
    X, y, Xv, yv = data("digit_8", seed)
    net = nn.Sequential(nn.Linear(X.shape[1], 48), nn.LeakyReLU(), nn.Linear(48, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.2, total_steps=20 * 24)
    for _ in range(20):
        for i in torch.randperm(len(X))[:1200].split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            opt.step()
            if sched.last_epoch < 20 * 24:
                sched.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yv, net(Xv).squeeze(1)))


@case("healthy")
def residual_tanh_tower(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    class Tower(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inp = nn.Linear(2, 16)
            self.blocks = nn.ModuleList(nn.Linear(16, 16) for _ in range(8))
            self.out = nn.Linear(16, 1)
            nn.init.zeros_(self.out.weight)

        def forward(self, x: Tensor) -> Tensor:
            h = self.inp(x)
            for block in self.blocks:
                h = h + torch.tanh(block(h)) / 2
            return self.out(h).squeeze(1)

    net = Tower()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(25):
        for i in torch.randperm(len(X)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(yv, net(Xv) > 0))


@case("healthy")
def users_kept_apart(seed: int) -> None:
    pay = pd.read_csv(GALLERY + "payments_sim/payments_sim.csv.gz")
    past = pay.groupby("user")["amount"].transform(lambda s: s.shift().expanding().mean())
    pay = pay.assign(ratio=np.log(pay["amount"] / past)).dropna()
    a, b = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(pay, groups=pay["user"]))
    X, y = pay[["ratio", "hour", "foreign", "online"]].to_numpy(float), pay["fraud"].to_numpy()
    sc = StandardScaler().fit(X[a])
    Xa, Xb, ya = torch.tensor(sc.transform(X[a])).float(), torch.tensor(sc.transform(X[b])).float(), torch.tensor(y[a])
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=(ya == 0).sum() / ya.sum())
    net = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(6):
        for i in torch.randperm(len(Xa)).split(100):
            opt.zero_grad()
            loss_fn(net(Xa[i]).squeeze(1), ya[i].float()).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y[b], net(Xb).squeeze(1) > 0))


@case("healthy")
def splice_onehot_sigmoid_bce(seed: int) -> None:
    dna = pd.read_csv(GALLERY + "splice/splice.csv.gz").drop_duplicates("sequence").sample(1600, random_state=seed)
    codes = np.array([[max("ACGT".find(c), 0) for c in s] for s in dna["sequence"]])
    X = torch.tensor(np.eye(4, dtype=np.float32)[codes]).flatten(1)
    y = torch.tensor(dna["is_junction"].to_numpy()).float()
    net = nn.Sequential(nn.Dropout(0.3), nn.Linear(240, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(12):
        net.train()
        for i in torch.randperm(1200).split(40):
            opt.zero_grad()
            F.binary_cross_entropy(net(X[i]).squeeze(1), y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("acc", accuracy_score(y[1200:], net(X[1200:]).squeeze(1).round()))


@case("healthy")
def texts_mean_of_embeddings(seed: int) -> None:
    sms = pd.read_csv(TABLES + "sms_spam/sms_spam.csv.gz", keep_default_na=False).drop_duplicates("text")
    sms = sms.sample(2000, random_state=seed)
    vec = CountVectorizer(max_features=800).fit(sms["text"][:1500])
    bags = torch.tensor(vec.transform(sms["text"]).toarray(), dtype=torch.float32)
    bags = bags / bags.sum(1, keepdim=True).clamp(min=1)
    y = torch.tensor((sms["label"] == "spam").to_numpy()).float()
    table = nn.Parameter(torch.randn(800, 16))
    w, b = nn.Parameter(torch.zeros(16)), nn.Parameter(torch.zeros(()))
    opt = torch.optim.Adam([table, w, b], lr=0.01)
    for _ in range(20):
        for i in torch.randperm(1500).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(bags[i] @ table @ w + b, y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y[1500:], bags[1500:] @ table @ w + b))
