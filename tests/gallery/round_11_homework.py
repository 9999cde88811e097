"""Homework, forum questions and small scripts by many hands."""

from itertools import pairwise

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

HERE = __file__.rsplit("/", 1)[0] + "/data"
COURSE = __file__.rsplit("/tests/", 1)[0] + "/data"


def tensors(*arrays: np.ndarray) -> list[Tensor]:
    """Return the arrays as float32 tensors."""
    return [torch.tensor(np.asarray(a), dtype=torch.float32) for a in arrays]


# ---------------------------------------------------------------- data


@case("unscaled_features")
def wine_lab_sheet(seed: int) -> None:
    """Proline in mg/l beside hue."""
    X, y = load_wine(return_X_y=True)
    y = (y == 1).astype(float)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, y, test_size=0.4, random_state=seed, stratify=y))
    net = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(80):
        for idx in torch.randperm(len(Xtr)).split(16):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[idx])[:, 0], ytr[idx]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        hit = ((net(Xte)[:, 0] > 0).float() == yte).float().mean()
    print(f"accuracy {hit:.3f}")


@case("unscaled_features")
def census_raw_dollars(seed: int) -> None:
    """Capital gains in dollars, age in years, all through tanh."""
    df = pd.read_csv(f"{HERE}/adult_10k/adult_10k.csv.gz").sample(3000, random_state=seed)
    num = df[["age", "education-num", "capital-gain", "capital-loss", "hours-per-week"]].copy()
    num["year"] = 1994
    num["birth"] = 1994 - num["age"]
    X, y = tensors(num.values, df["income_gt_50k"].values)
    a, b = slice(0, 2000), slice(2000, 3000)
    model = nn.Sequential(nn.Linear(7, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X[a], y[a]), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("AUC", round(roc_auc_score(y[b], model(X[b])), 3))


@case("preprocess_mismatch")
def mushroom_factorize_twice(seed: int) -> None:
    """Codes by order of appearance, once for each part."""
    df = pd.read_csv(f"{HERE}/mushroom/mushroom.csv.gz").sample(2400, random_state=seed)
    train, test = df.iloc[:1600], df.iloc[1600:]

    def encode(part: pd.DataFrame) -> Tensor:
        return torch.tensor(part.drop(columns="class").apply(lambda c: pd.factorize(c)[0]).values)

    Xtr, Xte = encode(train), encode(test)
    ytr, yte = tensors((train["class"] == "p").values, (test["class"] == "p").values)

    class Fungi(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tables = nn.ModuleList(nn.Embedding(16, 4) for _ in range(22))
            self.head = nn.Sequential(nn.Linear(88, 24), nn.ReLU(), nn.Linear(24, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.head(torch.cat([t(x[:, i]) for i, t in enumerate(self.tables)], 1)).squeeze(1)

    m = Fungi()
    opt = torch.optim.Adam(m.parameters(), 5e-3)
    for _ in range(8):
        for i in torch.randperm(1600).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(m(Xtr[i]), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("test accuracy", accuracy_score(yte, m(Xte) > 0))


@case("preprocess_mismatch")
def sms_vocabulary_again(seed: int) -> None:
    """fit_transform on the held-out messages as well."""
    sms = pd.read_csv(f"{COURSE}/sms_spam/sms_spam.csv.gz", keep_default_na=False).drop_duplicates("text")
    sms = sms.sample(2600, random_state=seed)
    tr, va = sms[:1800], sms[1800:]
    cv = CountVectorizer(max_features=200, binary=True)
    Xtr = torch.tensor(cv.fit_transform(tr.text).toarray()).float()
    Xva = torch.tensor(cv.fit_transform(va.text).toarray()).float()
    ytr, yva = tensors(tr.label == "spam", va.label == "spam")
    clf = nn.Sequential(nn.Linear(200, 32), nn.ReLU(), nn.Linear(32, 1))
    adam = torch.optim.Adam(clf.parameters(), lr=0.005)
    for _epoch in range(12):
        for i in torch.randperm(len(Xtr)).split(60):
            adam.zero_grad()
            F.binary_cross_entropy_with_logits(clf(Xtr[i]).view(-1), ytr[i]).backward()
            adam.step()
    p = torch.sigmoid(clf(Xva)).detach().numpy().ravel()
    print("auc", roc_auc_score(yva.numpy(), p))


@case("preprocess_mismatch")
def digits_two_scales(seed: int) -> None:
    """Sixteen shades for fitting, 255 at test time."""
    X, y = load_digits(return_X_y=True)
    Xtr, Xte, ytr, yte = train_test_split(X, (y % 2).astype("float32"), test_size=0.3, random_state=seed)
    Xtr = torch.FloatTensor(Xtr / 16.0).view(-1, 1, 8, 8)
    Xte = torch.FloatTensor(Xte / 255.0).view(-1, 1, 8, 8)
    ytr = torch.FloatTensor(ytr)
    cnn = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(192, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    opt = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    for _ in range(10):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr), 32, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(cnn(xb).squeeze(-1), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    cnn.eval()
    print("acc", ((cnn(Xte).squeeze(-1) > 0).numpy() == yte).mean())


@case("preprocess_mismatch")
def spam_log_forgotten(seed: int) -> None:
    """log1p on the training table only, then the training table's scaler."""
    Xtr, ytr, Xva, yva = data("spambase", seed, raw=True)
    scaler = StandardScaler().fit(np.log1p(Xtr.numpy()))
    A = torch.tensor(scaler.transform(np.log1p(Xtr.numpy()))).float()
    B = torch.tensor(scaler.transform(Xva.numpy())).float()
    w = torch.zeros(57, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([w, b], lr=0.1, momentum=0.9)
    for _ in range(300):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(A @ w + b, ytr) + 1e-3 * w.square().sum()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(yva, B @ w + b > 0))


@case("labels_misaligned")
def rating_sorted_by_age(seed: int) -> None:
    """The features are sorted, the answers are not."""
    df = pd.read_csv(f"{HERE}/mammographic/mammographic.csv").sample(frac=1, random_state=seed)
    y = df["malignant"].to_numpy()
    X = df.drop(columns="malignant").sort_values(["age", "density"]).to_numpy()
    X = StandardScaler().fit_transform(X)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, y, random_state=seed))
    net = nn.Sequential(nn.Linear(5, 20), nn.ELU(), nn.Linear(20, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for i in torch.randperm(len(Xtr)).split(50):
            opt.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(net(Xtr[i]).flatten(), ytr[i]).backward()
            opt.step()
    print("auc", roc_auc_score(yte, net(Xte).detach().flatten()))


@case("labels_misaligned")
def users_grouped(seed: int) -> None:
    """groupby sorts its keys; the list of customers came in another order."""
    pay = pd.read_csv(f"{HERE}/payments_sim/payments_sim.csv.gz").sample(frac=1, random_state=seed)
    pay["log"] = np.log(pay["amount"])
    agg = pay.groupby("user").agg(
        mean=("amount", "mean"),
        sd=("amount", "std"),
        big=("amount", "max"),
        online=("online", "mean"),
        spread=("log", "std"),
    )
    spends = {u: g["log"].median() > 3.6 for u, g in pay.groupby("user", sort=False)}
    X = StandardScaler().fit_transform(agg)
    y = np.array([spends[u] for u in spends], dtype=float)
    Xt, yt = tensors(X[:280], y[:280])
    Xv, yv = tensors(X[280:], y[280:])
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(60):
        for xb, yb in DataLoader(TensorDataset(Xt, yt), batch_size=20, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(Xv)[:, 0] > 0) == yv.bool()).float().mean().item())


@case("labels_misaligned")
def splice_deduplicated(seed: int) -> None:
    """Rows with an unknown letter are dropped from the windows, the labels are cut to the same length."""
    df = pd.read_csv(f"{HERE}/splice/splice.csv.gz").sample(frac=1, random_state=seed)
    short = df[df["sequence"].str.slice(20, 40).str.count("G") != 4]
    codes = np.array([["ACGT".find(c) for c in s] for s in short["sequence"]])[:1500]
    labels = df["is_junction"].to_numpy()[: len(codes)]
    X = F.one_hot(torch.tensor(codes).clamp(min=0), 4).float().transpose(1, 2)
    y = torch.tensor(labels).float()
    net = nn.Sequential(nn.Conv1d(4, 16, 9), nn.ReLU(), nn.MaxPool1d(4), nn.Flatten(), nn.Linear(16 * 13, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(8):
        for idx in torch.randperm(1000).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[idx]).squeeze(1), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("roc auc", roc_auc_score(y[1000:], net(X[1000:]).squeeze(1)))


@case("label_noise")
def hurried_raters(seed: int) -> None:
    """Three raters answer, one of them is asked for each row and two of them guess."""
    rng = np.random.default_rng(seed)
    X, y = load_digits(return_X_y=True)
    truth = (y >= 5).astype(int)
    rater = rng.integers(0, 3, len(y))
    answer = np.where(rater == 0, truth, np.where(rng.random(len(y)) < 0.42, 1 - truth, truth))
    X = (X - 8) / 8
    Xtr, ytr = tensors(X[:1300], answer[:1300])
    Xva, yva = tensors(X[1300:], answer[1300:])
    mlp = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(mlp.parameters(), lr=1e-3)
    for _ in range(15):
        for i in torch.randperm(1300).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(mlp(Xtr[i]).squeeze(), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((mlp(Xva).squeeze() > 0).float() == yva).float().mean())


@case("weak_signal")
def churn_by_area(seed: int) -> None:
    """Account length, area code and voice mails are all that was exported."""
    df = pd.read_csv(f"{COURSE}/mlc_churn/mlc_churn.csv.gz")
    pos = df[df.churn == 1].sample(600, random_state=seed)
    neg = df[df.churn == 0].sample(600, random_state=seed)
    df = pd.concat([pos, neg]).sample(frac=1, random_state=seed)
    X = pd.get_dummies(df[["area_code", "account_length", "total_night_calls", "total_eve_calls"]], dtype=float)
    X, y = tensors(StandardScaler().fit_transform(X), df["churn"].values)
    model = nn.Sequential(nn.Linear(X.shape[1], 8), nn.ReLU(), nn.Linear(8, 2))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    ce = nn.CrossEntropyLoss()
    for _ in range(20):
        for i in torch.randperm(800).split(40):
            opt.zero_grad()
            ce(model(X[i]), y[i].long()).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[800:], model(X[800:]).softmax(1)[:, 1]))


@case("label_encoding")
def percent_answers(seed: int) -> None:
    """The export writes yes as 100 and no as 0."""
    X, y = load_breast_cancer(return_X_y=True)
    answer = np.where(y == 1, 100.0, 0.0)
    X = StandardScaler().fit_transform(X)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, answer, random_state=seed, test_size=0.3))
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(30):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]).squeeze(1), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        guess = (torch.sigmoid(net(Xte).squeeze(1)) > 0.5).float() * 100
    print("accuracy", accuracy_score(yte, guess), "balanced", balanced_accuracy_score(yte, guess))


@case("label_encoding")
def wine_classes_one_two(seed: int) -> None:
    """Cultivars 1 and 2, as printed on the sheet."""
    X, y = load_wine(return_X_y=True)
    X, y = X[y > 0], y[y > 0]
    sc = StandardScaler()
    Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.35, random_state=seed, stratify=y)
    Xtr, Xte, ytr, yte = tensors(sc.fit_transform(Xtr), sc.transform(Xte), ytr, yte)
    lin1, lin2 = nn.Linear(13, 10), nn.Linear(10, 1)
    opt = torch.optim.Adam([*lin1.parameters(), *lin2.parameters()], lr=0.01)
    for _ in range(150):
        out = lin2(torch.relu(lin1(Xtr)))[:, 0]
        loss = nn.BCEWithLogitsLoss()(out, ytr)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = lin2(torch.relu(lin1(Xte)))[:, 0]
    print("right:", ((out > 0).float() + 1 == yte).float().mean().item())


@case("labels_single_class")
def poisonous_spelled_out(seed: int) -> None:
    """The codes are p and e, not words."""
    df = pd.read_csv(f"{HERE}/mushroom/mushroom.csv.gz").sample(1500, random_state=seed)
    y = (df.pop("class") == "poisonous").astype(int).values
    X = OneHotEncoder(sparse_output=False).fit_transform(df)
    Xtr, ytr, Xte, yte = tensors(X[:1000], y[:1000], X[1000:], y[1000:])
    model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(10):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).flatten(), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(Xte).flatten() > 0) == yte.bool()).float().mean().item())


@case("labels_single_class")
def iris_first_rows(seed: int) -> None:
    """The first hundred rows for training, the last fifty for testing."""
    X, y = load_iris(return_X_y=True)
    target = (y == 2).astype(np.float32)
    X = ((X - X.mean(0)) / X.std(0)).astype(np.float32)
    cut = 100
    Xtr, ytr = torch.from_numpy(X[:cut]), torch.from_numpy(target[:cut])
    Xte, yte = torch.from_numpy(X[cut:]), torch.from_numpy(target[cut:])
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(40):
        for i in torch.randperm(cut).split(10):
            opt.zero_grad()
            F.binary_cross_entropy(net(Xtr[i]).squeeze(1), ytr[i]).backward()
            opt.step()
    print("accuracy", (net(Xte).squeeze(1).round() == yte).float().mean().item())


@case("nan_features")
def thyroid_blank_values(seed: int) -> None:
    """StandardScaler lets blanks through."""
    df = pd.read_csv(f"{COURSE}/hypothyroid/hypothyroid.csv.gz").sample(frac=1, random_state=seed)
    X = df[["age", "TSH", "T3", "TT4", "FTI"]].values
    y = df["hypothyroid"].values
    X = StandardScaler().fit_transform(X)
    Xtr, ytr, Xte, yte = tensors(X[:2000], y[:2000], X[2000:], y[2000:])
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(6):
        for i in torch.randperm(2000).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]).squeeze(1), ytr[i], pos_weight=torch.tensor(5.0)).backward()
            opt.step()
    with torch.no_grad():
        pred = (net(Xte).squeeze(1) > 0).numpy()
    print("balanced accuracy", balanced_accuracy_score(yte.numpy(), pred))


@case("nan_features")
def border_pixels(seed: int) -> None:
    """The corner pixels never vary."""
    digits = load_digits()
    y = (digits.target == 3) | (digits.target == 8) | (digits.target == 9)
    X = torch.tensor(digits.data, dtype=torch.float32)
    X = (X - X.mean(0)) / X.std(0)
    y = torch.tensor(y).float()
    order = torch.randperm(len(X))
    tr, te = order[:1200], order[1200:]
    W1 = (torch.randn(64, 24) * 0.1).requires_grad_()
    b1 = torch.zeros(24, requires_grad=True)
    W2 = (torch.randn(24) * 0.1).requires_grad_()
    for _ in range(10):
        for i in tr.split(40):
            out = torch.relu(X[i] @ W1 + b1) @ W2
            F.binary_cross_entropy_with_logits(out, y[i]).backward()
            with torch.no_grad():
                for p in (W1, b1, W2):
                    p -= 0.1 * p.grad
                    p.grad = None
    with torch.no_grad():
        out = torch.relu(X[te] @ W1 + b1) @ W2
    print("acc", ((out > 0) == (y[te] > 0)).float().mean().item())


@case("unshuffled_data")
def poisonous_first(seed: int) -> None:
    """Two sheets put one under the other."""
    df = pd.read_csv(f"{HERE}/mammographic/mammographic.csv").sample(frac=1, random_state=seed)
    X = df.drop(columns="malignant")
    df[X.columns] = (X - X.mean()) / X.std()
    train, test = df[:600], df[600:]
    train = pd.concat([train[train.malignant == 1], train[train.malignant == 0]])
    Xtr, ytr = tensors(train[X.columns].values, train["malignant"].values)
    Xte, yte = tensors(test[X.columns].values, test["malignant"].values)
    loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=10, shuffle=False)
    net = nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(20):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte).squeeze(1) > 0))


@case("data_leakage")
def oversample_then_split(seed: int) -> None:
    """The poorer half is copied with a little jitter before the split."""
    rng = np.random.default_rng(seed)
    X, t = load_diabetes(return_X_y=True)
    X = X / X.std(0)
    y = (t > np.quantile(t, 0.7)).astype(float)
    X = np.concatenate([X] * 5) + rng.normal(0, 0.02, (5 * len(X), X.shape[1]))
    y = np.concatenate([y] * 5)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, y, test_size=0.25, random_state=seed))
    net = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        for i in torch.randperm(len(Xtr)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]).squeeze(1), ytr[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("test AUC", roc_auc_score(yte, net(Xte).squeeze(1)))


@case("data_leakage")
def bootstrap_before_split(seed: int) -> None:
    """A bigger table by drawing with replacement."""
    df = pd.read_csv(f"{COURSE}/credit_data/credit_data.csv.gz").dropna().sample(500, random_state=seed)
    df = df.sample(2400, replace=True, random_state=seed)
    cats = ["Home", "Marital", "Records", "Job"]
    nums = [c for c in df.columns if c not in cats and c != "bad"]
    prep = make_column_transformer((StandardScaler(), nums), (OneHotEncoder(sparse_output=False), cats))
    X = prep.fit_transform(df)
    Xtr, Xva, ytr, yva = tensors(*train_test_split(X, df["bad"].values, test_size=0.3, random_state=seed))
    model = nn.Sequential(nn.Linear(X.shape[1], 128), nn.GELU(), nn.Linear(128, 64), nn.GELU(), nn.Linear(64, 1))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(35):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).flatten(), yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(yva, model(Xva).flatten()))


@case("augmentation_too_heavy")
def erased_digits(seed: int) -> None:
    """Cut-out, noise and rolling, all at the strength of a tutorial for large photographs."""
    X, y = load_digits(return_X_y=True)
    X, y = X.reshape(-1, 1, 8, 8) / 16, (y % 2).astype(float)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, y, test_size=0.3, random_state=seed))

    def jitter(x: Tensor) -> Tensor:
        x = torch.roll(x, tuple(torch.randint(0, 8, (2,)).tolist()), (2, 3)) + torch.randn_like(x)
        r, c = torch.randint(0, 3, (2,)).tolist()
        x[:, :, r : r + 6, c : c + 6] = 0
        return x

    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 24), nn.ReLU(), nn.Linear(24, 1)
    )
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(12):
        for i in torch.randperm(len(Xtr)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(jitter(Xtr[i])).squeeze(1), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(Xte).squeeze(1) > 0).float() == yte).float().mean().item())


@case("augmentation_too_heavy")
def mutated_windows(seed: int) -> None:
    """Random letters and a random shift, to make the network robust."""
    df = pd.read_csv(f"{HERE}/splice/splice.csv.gz").sample(1600, random_state=seed)
    seq = torch.tensor([[max("ACGT".find(c), 0) for c in s] for s in df.sequence])
    y = torch.tensor(df.is_junction.values).float()

    def augment(batch: Tensor) -> Tensor:
        other = torch.randint(0, 4, batch.shape)
        batch = torch.where(torch.rand(batch.shape) < 0.6, other, batch)
        shift = torch.randint(0, 60, (len(batch), 1))
        return batch.gather(1, (torch.arange(60) + shift) % 60)

    net = nn.Sequential(nn.Embedding(4, 6), nn.Flatten(), nn.Linear(360, 48), nn.ReLU(), nn.Linear(48, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(15):
        for i in torch.randperm(1100).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(augment(seq[i])).squeeze(1), y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("val auc", roc_auc_score(y[1100:], net(seq[1100:]).squeeze(1)))


@case("imbalance")
def rare_fraud(seed: int) -> None:
    """Four in a hundred; the accuracy looks splendid."""
    df = pd.read_csv(f"{HERE}/payments_sim/payments_sim.csv.gz")
    df["log"] = np.log(df["amount"])
    df = df.sample(4000, random_state=seed)
    X = StandardScaler().fit_transform(df[["hour", "foreign", "online", "log"]])
    Xtr, ytr, Xte, yte = tensors(X[:2800], df.fraud.values[:2800], X[2800:], df.fraud.values[2800:])
    model = nn.Linear(4, 1)
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(model(Xte)[:, 0])
    found = p > 0.5
    print(
        "accuracy", accuracy_score(yte, found), "recall", found[yte == 1].float().mean().item(), roc_auc_score(yte, p)
    )


@case("threshold_not_tuned")
def loans_at_half(seed: int) -> None:
    """Who will not pay back, at one half."""
    df = pd.read_csv(f"{COURSE}/credit_data/credit_data.csv.gz").dropna().sample(3600, random_state=seed)
    y = df["bad"].values.astype(float)
    X = StandardScaler().fit_transform(df[["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Amount"]])
    Xtr, ytr, Xva, yva = tensors(X[:2600], y[:2600], X[2600:], y[2600:])
    logreg = nn.Linear(X.shape[1], 1)
    opt = torch.optim.SGD(logreg.parameters(), lr=0.5)
    for _ in range(400):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(logreg(Xtr).squeeze(1), ytr).backward()
        opt.step()
    with torch.no_grad():
        p = torch.sigmoid(logreg(Xva).squeeze(1)).numpy()
    print("auc", roc_auc_score(yva, p), "f1", f1_score(yva, p >= 0.5))


@case("threshold_not_tuned")
def thinned_out_majority(seed: int) -> None:
    """As many frauds as others for fitting; in the shop they are four in a hundred."""
    df = pd.read_csv(f"{HERE}/payments_sim/payments_sim.csv.gz")
    df["ratio"] = np.log(df["amount"] / df.groupby("user")["amount"].transform("median"))
    df = df.sample(frac=1, random_state=seed)
    fit, live = df[:9000], df[9000:]
    fraud = fit[fit.fraud == 1]
    fit = pd.concat([fraud, fit[fit.fraud == 0][: len(fraud)]])
    cols = ["hour", "foreign", "online", "ratio"]
    mean, std = df[cols].mean(), df[cols].std()
    Xtr, ytr = tensors(((fit[cols] - mean) / std).values, fit.fraud.values)
    Xte, yte = tensors(((live[cols] - mean) / std).values, live.fraud.values)
    net = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy(net(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        p = net(Xte)[:, 0]
    print("auc", roc_auc_score(yte, p), "f1", f1_score(yte, p > 0.5))


# ---------------------------------------------------------------- numbers


@case("lr_too_high")
def momentum_on_top(seed: int) -> None:
    """A rate that suits plain descent, with momentum 0.98."""
    Xtr, ytr, Xva, yva = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.8, momentum=0.98)
    for _ in range(20):
        for i in torch.randperm(len(Xtr)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]).squeeze(1), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(Xva).squeeze(1) > 0) == yva.bool()).float().mean().item())


@case("lr_too_low")
def names_careful(seed: int) -> None:
    """First names by an average of letter pairs; the rate comes from a fine-tuning recipe."""
    df = pd.read_csv(f"{HERE}/census_names/census_first_names_1990.csv").drop_duplicates("name", keep=False)
    df = pd.concat([df[df.list == "M"].head(700), df[df.list == "F"].head(700)]).sample(frac=1, random_state=seed)
    ids = torch.zeros(len(df), 12, dtype=torch.long)
    for r, name in enumerate(df["name"]):
        for c, ch in enumerate(name[-12:][::-1]):
            ids[r, c] = ord(ch) - 64
    y = torch.tensor((df["list"] == "F").values).float()
    net = nn.Sequential(nn.Embedding(27, 8), nn.Flatten(), nn.Linear(96, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-6)
    n = int(0.75 * len(df))
    for _ in range(20):
        for i in torch.randperm(n).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(ids[i]).squeeze(1), y[i]).backward()
            opt.step()
    with torch.no_grad():
        out = net(ids[n:]).squeeze(1)
    print("auc", roc_auc_score(y[n:], out), "acc", accuracy_score(y[n:], out > 0))


@case("lr_too_low")
def divided_by_batch_twice(seed: int) -> None:
    """Plain tensors; the step is divided by the number of rows although the loss is a mean."""
    Xtr, ytr, Xva, yva = data("moons", seed)
    w1 = torch.nn.init.xavier_normal_(torch.empty(2, 24)).requires_grad_()
    b1 = torch.zeros(24, requires_grad=True)
    w2 = torch.nn.init.xavier_normal_(torch.empty(24, 1)).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)
    for _ in range(500):
        z = (torch.tanh(Xtr @ w1 + b1) @ w2 + b2).ravel()
        loss = F.softplus(z).mean() - (z * ytr).mean()
        grads = torch.autograd.grad(loss, (w1, b1, w2, b2))
        with torch.no_grad():
            for p, g in zip((w1, b1, w2, b2), grads, strict=True):
                p -= 0.1 / len(Xtr) * g
    with torch.no_grad():
        z = (torch.tanh(Xva @ w1 + b1) @ w2 + b2).ravel()
    print("accuracy", ((z > 0).float() == yva).float().mean().item())


@case("undertrained")
def patience_of_none(seed: int) -> None:
    """Stops at the first step that is not better than the best."""
    df = pd.read_csv(f"{HERE}/splice/splice.csv.gz").sample(1800, random_state=seed)
    seq = torch.tensor([[max("ACGT".find(c), 0) for c in s] for s in df.sequence])
    X, y = F.one_hot(seq, 4).float().flatten(1), torch.tensor(df.is_junction.values).float()
    net = nn.Sequential(nn.Linear(240, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    best, stop = float("inf"), False
    for _epoch in range(30):
        for i in torch.randperm(1200).split(32):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i])
            loss.backward()
            opt.step()
            if loss.item() > best + 0.01:
                stop = True
                break
            best = min(best, loss.item())
        if stop:
            break
    with torch.no_grad():
        out = net(X[1200:]).squeeze(1)
    print("accuracy", accuracy_score(y[1200:], out > 0))


@case("undertrained")
def two_big_batches(seed: int) -> None:
    """Three passes in batches of a thousand."""
    Xtr, ytr, Xva, yva = data("digit_8", seed)
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(3):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr.long()), batch_size=1000, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        prob = net(Xva).softmax(1)[:, 1]
    print("auc", roc_auc_score(yva, prob), "balanced", balanced_accuracy_score(yva, prob > 0.5))


@case("scheduler_misuse")
def lambda_returns_the_rate(seed: int) -> None:
    """LambdaLR multiplies; the function returns a rate."""
    df = pd.read_csv(f"{HERE}/mushroom/mushroom.csv.gz").sample(2000, random_state=seed)
    X = pd.get_dummies(df[["cap-shape", "cap-color", "gill-color", "gill-size", "habitat"]], dtype=float).values
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, (df["class"] == "p").values, random_state=seed))
    net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda epoch: 2e-3 * 0.97**epoch)
    for _ in range(20):
        for i in torch.randperm(len(Xtr)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]).squeeze(1), ytr[i]).backward()
            opt.step()
        sched.step()
    with torch.no_grad():
        out = net(Xte).squeeze(1)
    print("auc", roc_auc_score(yte, out), "acc", accuracy_score(yte, out > 0))


@case("scheduler_misuse")
def step_size_in_batches(seed: int) -> None:
    """StepLR is meant to act every three epochs and is called after every batch."""
    Xtr, ytr, Xva, yva = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.3)
    for _epoch in range(40):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr[:, None]), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        print("accuracy", ((model(Xva)[:, 0] > 0) == yva.bool()).float().mean().item())


@case("vanishing_gradients")
def six_sigmoids(seed: int) -> None:
    """Each layer a sigmoid, as in the lecture."""
    X, y = load_breast_cancer(return_X_y=True)
    Xtr, Xte, ytr, yte = train_test_split(X, y, random_state=seed)
    sc = StandardScaler().fit(Xtr)
    Xtr, Xte, ytr, yte = tensors(sc.transform(Xtr), sc.transform(Xte), ytr, yte)
    layers: list[nn.Module] = [nn.Linear(30, 20), nn.Sigmoid()]
    for _ in range(4):
        layers += [nn.Linear(20, 20), nn.Sigmoid()]
    net = nn.Sequential(*layers, nn.Linear(20, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(25):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        out = net(Xte)[:, 0]
    print("auc", roc_auc_score(yte, out), "balanced", balanced_accuracy_score(yte, out > 0))


@case("dead_relu")
def negative_bias(seed: int) -> None:
    """Biases of -6 'for sparsity'."""
    Xtr, ytr, Xva, yva = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 40), nn.ReLU(), nn.Linear(40, 20), nn.ReLU(), nn.Linear(20, 1))
    with torch.no_grad():
        for layer in (net[0], net[2]):
            layer.bias.fill_(-6.0)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(40):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        out = net(Xva)[:, 0]
    print("auc", roc_auc_score(yva, out), "balanced", balanced_accuracy_score(yva, out > 0))


@case("bad_init")
def all_alike(seed: int) -> None:
    """Every unit starts alike."""
    X, y = load_digits(return_X_y=True)
    X, y = (X - 8) / 6, np.isin(y, [0, 2, 3, 5, 8]).astype(float)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, y, random_state=seed))
    net = nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1))
    net.apply(lambda m: nn.init.constant_(m.weight, 0.01) if isinstance(m, nn.Linear) else None)
    net.apply(lambda m: nn.init.zeros_(m.bias) if isinstance(m, nn.Linear) else None)
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte)[:, 0] > 0))


@case("bad_init")
def randn_without_scale(seed: int) -> None:
    """torch.randn for three layers of 100 tanh units, three times as large."""
    X, t = load_digits(return_X_y=True)
    Xtr, Xte, ytr, yte = tensors(*train_test_split((X - 8) / 6, (t % 2).astype(float), random_state=seed))
    sizes = [64, 100, 100, 100, 1]
    W = [(3 * torch.randn(a, b)).requires_grad_() for a, b in pairwise(sizes)]
    B = [torch.zeros(b, requires_grad=True) for b in sizes[1:]]

    def net(h: Tensor) -> Tensor:
        for w, b in zip(W[:-1], B[:-1], strict=True):
            h = torch.tanh(h @ w + b)
        return (h @ W[-1] + B[-1])[:, 0]

    opt = torch.optim.Adam(W + B, lr=1e-3)
    for _ in range(12):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte) > 0))


@case("regularisation_too_strong")
def decay_like_the_ridge(seed: int) -> None:
    """alpha=1 was fine in scikit-learn."""
    df = pd.read_csv(f"{HERE}/mammographic/mammographic.csv").sample(frac=1, random_state=seed)
    X = df.drop(columns="malignant")
    X = ((X - X.mean()) / X.std()).values
    Xtr, ytr, Xte, yte = tensors(X[:600], df.malignant.values[:600], X[600:], df.malignant.values[600:])
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1.0)
    for _ in range(40):
        for i in torch.randperm(600).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        out = net(Xte)[:, 0]
    print("auc", roc_auc_score(yte, out), "acc", accuracy_score(yte, out > 0))


@case("regularisation_too_strong")
def lasso_summed(seed: int) -> None:
    """An L1 term over all weights."""
    sms = pd.read_csv(f"{COURSE}/sms_spam/sms_spam.csv.gz", keep_default_na=False).drop_duplicates("text")
    sms = pd.concat([sms[sms.label == "spam"].head(500), sms[sms.label == "ham"].head(500)])
    tr, te = train_test_split(sms, random_state=seed, stratify=sms.label)
    tfidf = TfidfVectorizer(max_features=400, norm=None)
    Xtr, Xte = tensors(tfidf.fit_transform(tr.text).toarray(), tfidf.transform(te.text).toarray())
    ytr, yte = tensors(tr.label == "spam", te.label == "spam")
    Xtr, Xte = Xtr / Xtr.std(), Xte / Xtr.std()
    net = nn.Sequential(nn.Linear(400, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(15):
        for i in torch.randperm(len(Xtr)).split(25):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i])
            loss = loss + 0.1 * sum(p.abs().sum() for p in net.parameters())
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = net(Xte)[:, 0]
    print("auc", roc_auc_score(yte, out), "acc", accuracy_score(yte, out > 0))


@case("regularisation_too_strong")
def keep_probability(seed: int) -> None:
    """0.95 was the share to keep in the old framework."""
    df = pd.read_csv(f"{HERE}/splice/splice.csv.gz").sample(1800, random_state=seed)
    seq = torch.tensor([[max("ACGT".find(c), 0) for c in s] for s in df.sequence])
    X, y = F.one_hot(seq, 4).float().flatten(1), torch.tensor(df.is_junction.values).float()
    net = nn.Sequential(
        nn.Linear(240, 32),
        nn.ReLU(),
        nn.Dropout(0.95),
        nn.Linear(32, 32),
        nn.ReLU(),
        nn.Dropout(0.95),
        nn.Linear(32, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(15):
        net.train()
        for i in torch.randperm(1200).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i])[:, 0], y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[1200:])[:, 0]
    print("auc", roc_auc_score(y[1200:], out), "acc", accuracy_score(y[1200:], out > 0))


@case("overfitting")
def few_patients(seed: int) -> None:
    """A wide network for 120 patients and 200 passes."""
    X, t = load_diabetes(return_X_y=True)
    y = (t > np.median(t)).astype(float)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / X.std(0), y, train_size=120, random_state=seed))
    net = nn.Sequential(nn.Linear(10, 200), nn.ReLU(), nn.Linear(200, 100), nn.ReLU(), nn.Linear(100, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(200):
        for i in torch.randperm(120).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        out = net(Xte)[:, 0]
    print("val loss", F.binary_cross_entropy_with_logits(out, yte).item(), "auc", roc_auc_score(yte, out))


@case("overfitting")
def users_by_heart(seed: int) -> None:
    """User ids as an embedding of 64, for a handful of payments each."""
    pay = pd.read_csv(f"{HERE}/payments_sim/payments_sim.csv.gz").sample(3000, random_state=seed)
    y = (pay["amount"] > pay["amount"].median()).values.astype(float)
    Xn, y = tensors(StandardScaler().fit_transform(pay[["hour", "foreign", "online"]]), y)
    user = torch.tensor(pay["user"].values)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(400, 64)
            self.body = nn.Sequential(nn.Linear(67, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 1))

        def forward(self, u: Tensor, x: Tensor) -> Tensor:
            return self.body(torch.cat([self.emb(u), x], 1))[:, 0]

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        for i in torch.randperm(1500).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(user[i], Xn[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        out = net(user[1500:], Xn[1500:])
    print("val loss", F.binary_cross_entropy_with_logits(out, y[1500:]).item(), "auc", roc_auc_score(y[1500:], out))


@case("underfitting")
def one_hidden_unit(seed: int) -> None:
    """A ring through a bottleneck of one."""
    Xtr, ytr, Xva, yva = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 1), nn.ReLU(), nn.Linear(1, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(50):
        for i in torch.randperm(len(Xtr)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yva, net(Xva)[:, 0] > 0))


@case("batch_size_too_small")
def batchnorm_of_two(seed: int) -> None:
    """Two rows a batch and a normalisation over them."""
    Xtr, ytr, Xva, yva = data("moons", seed)
    net = nn.Sequential(
        nn.Linear(2, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Linear(16, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Linear(16, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(4):
        net.train()
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr), batch_size=2, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(yva, net(Xva)[:, 0] > 0))


@case("batchnorm_stats")
def keras_momentum(seed: int) -> None:
    """0.999 in Keras is not 0.999 here, nor is 0.0005 enough for a short run."""
    X, t = load_digits(return_X_y=True)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / 16, (t >= 5).astype(float), random_state=seed))
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.BatchNorm2d(8, momentum=0.0005),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3),
        nn.BatchNorm2d(8, momentum=0.0005),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128, 1),
    )
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(8):
        net.train()
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i].view(-1, 1, 8, 8))[:, 0], ytr[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte.view(-1, 1, 8, 8))[:, 0] > 0))


@case("class_weights_wrong")
def ratio_upside_down(seed: int) -> None:
    """Positives over negatives instead of the reverse."""
    df = pd.read_csv(f"{HERE}/adult_10k/adult_10k.csv.gz").sample(3000, random_state=seed)
    y = df.pop("income_gt_50k").values
    X = make_column_transformer(
        (StandardScaler(), ["age", "education-num", "hours-per-week"]),
        (OneHotEncoder(sparse_output=False, handle_unknown="ignore"), ["marital-status", "occupation", "gender"]),
    ).fit_transform(df)
    Xtr, ytr, Xva, yva = tensors(X[:2000], y[:2000], X[2000:], y[2000:])
    pos_weight = ytr.sum() / (len(ytr) - ytr.sum())
    net = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss_fn(net(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(yva, net(Xva)[:, 0] > 0))


@case("class_weights_wrong")
def weights_as_percentages(seed: int) -> None:
    """Weights by class count, in the wrong order and squared."""
    Xtr, ytr, Xva, yva = data("mlc_churn", seed)
    counts = torch.bincount(ytr.long()).float()
    weight = (counts / counts.min()) ** 2
    net = nn.Sequential(nn.Linear(Xtr.shape[1], 24), nn.ReLU(), nn.Linear(24, 2))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(15):
        for i in torch.randperm(len(Xtr)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(Xtr[i]), ytr[i].long(), weight=weight).backward()
            opt.step()
    with torch.no_grad():
        out = net(Xva)
    print("balanced", balanced_accuracy_score(yva, out.argmax(1)), "auc", roc_auc_score(yva, out[:, 1] - out[:, 0]))


# ---------------------------------------------------------------- code


@case("double_sigmoid")
def probability_twice(seed: int) -> None:
    """The network gives a probability, loss and prediction squash it again."""
    Xtr, ytr, Xva, yva = data("mlc_churn", seed)

    class Churn(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(width, 32), nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.b(F.relu(self.a(x)))).squeeze(-1)

    net = Churn(Xtr.shape[1])
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss_fn(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        pred = torch.sigmoid(net(Xva)) > 0.5
    print("accuracy", (pred == yva.bool()).float().mean().item())


@case("softmax_before_ce")
def mushrooms_soft_twice(seed: int) -> None:
    """Softmax inside forward, cross entropy outside."""
    Xtr, ytr, Xva, yva = data("hypothyroid", seed)
    net = nn.Sequential(nn.Linear(Xtr.shape[1], 16), nn.Tanh(), nn.Linear(16, 2), nn.Softmax(dim=1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(25):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.cross_entropy(net(Xtr[i]), ytr[i].long()).backward()
            opt.step()
    with torch.no_grad():
        p = net(Xva)
    print("balanced", balanced_accuracy_score(yva, p.argmax(1)), "auc", roc_auc_score(yva, p[:, 1]))


@case("bce_on_logits")
def clamped_line(seed: int) -> None:
    """A line, clamped to a probability."""
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, y, random_state=seed))
    w = torch.randn(30, requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    for _ in range(600):
        p = (Xtr @ w + b).clamp(1e-4, 1 - 1e-4)
        loss = -(ytr * p.log() + (1 - ytr) * (1 - p).log()).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.001 * w.grad
            b -= 0.001 * b.grad
        w.grad, b.grad = None, None
    with torch.no_grad():
        p = (Xte @ w + b).clamp(1e-4, 1 - 1e-4)
    print("loss", F.binary_cross_entropy(p, yte).item(), "accuracy", accuracy_score(yte, p > 0.5))


@case("ce_single_output")
def bikes_one_column(seed: int) -> None:
    """Cross entropy of a single column."""
    df = pd.read_csv(f"{HERE}/bike_days/bike_days_2011.csv").sample(frac=1, random_state=seed)
    X = np.log1p(df.loc[:, "h00":"h23"].values)
    X = (X - X.mean(0)) / X.std(0)
    Xtr, ytr, Xte, yte = tensors(X[:220], df.working_day[:220], X[220:], df.working_day[220:])
    gru = nn.GRU(1, 12, batch_first=True)
    head = nn.Linear(12, 1)
    opt = torch.optim.Adam([*gru.parameters(), *head.parameters()], lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    for _ in range(15):
        for i in torch.randperm(220).split(22):
            opt.zero_grad()
            out = head(gru(Xtr[i].unsqueeze(-1))[1][0])
            criterion(out, ytr[i].unsqueeze(1)).backward()
            opt.step()
    with torch.no_grad():
        out = head(gru(Xte.unsqueeze(-1))[1][0])[:, 0]
    print("auc", roc_auc_score(yte, out))


@case("softmax_single_output")
def attention_then_softmax(seed: int) -> None:
    """The last layer has one unit and its own softmax."""
    df = pd.read_csv(f"{HERE}/splice/splice.csv.gz").sample(900, random_state=seed)
    seq = torch.tensor([[max("ACGT".find(c), 0) for c in s] for s in df.sequence])
    y = torch.tensor(df.is_junction.values).float()

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.letter, self.place = nn.Embedding(4, 16), nn.Parameter(torch.randn(60, 16))
            self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
            self.out = nn.Linear(16, 1)

        def forward(self, s: Tensor) -> Tensor:
            h = self.letter(s) + self.place
            h = h + self.attention(h, h, h, need_weights=False)[0]
            return torch.softmax(self.out(h.mean(1)), dim=1)[:, 0]

    net = Reader()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(8):
        for i in torch.randperm(600).split(30):
            opt.zero_grad()
            F.binary_cross_entropy(net(seq[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[600:], net(seq[600:])))


@case("nll_on_probabilities")
def nll_of_softmax(seed: int) -> None:
    """NLLLoss wants the logarithm."""
    Xtr, ytr, Xva, yva = data("hypothyroid", seed)
    net = nn.Sequential(nn.Linear(Xtr.shape[1], 24), nn.ReLU(), nn.Linear(24, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.5)
    nll = nn.NLLLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr.long()), batch_size=32, shuffle=True):
            opt.zero_grad()
            nll(F.softmax(net(xb), dim=-1), yb).backward()
            opt.step()
    with torch.no_grad():
        p = F.softmax(net(Xva), dim=-1)
    print("balanced", balanced_accuracy_score(yva, p.argmax(1)), "auc", roc_auc_score(yva, p[:, 1]))


@case("relu_on_output")
def relu_everywhere(seed: int) -> None:
    """A loop appends the same activation after each layer."""
    X, t = load_diabetes(return_X_y=True)
    y = (t > np.quantile(t, 0.65)).astype(float)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / X.std(0), y, random_state=seed))
    blocks: list[nn.Module] = []
    for a, b in [(10, 32), (32, 16), (16, 1)]:
        blocks.append(nn.Linear(a, b))
        blocks.append(nn.ReLU())
    net = nn.Sequential(*blocks)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(25):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        z = net(Xte)[:, 0]
    print("auc", roc_auc_score(yte, z), "acc", accuracy_score(yte, torch.sigmoid(z) > 0.5))


@case("no_nonlinearity")
def product_of_matrices(seed: int) -> None:
    """Ratings of two axes: do they agree in sign."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=(1200, 6))
    y = (taste[:, 0] * taste[:, 1] + 0.2 * rng.normal(size=1200) > 0).astype(float)
    X, y = tensors(taste, y)
    A, B, C = (nn.Parameter(torch.randn(s) * 0.2) for s in [(6, 40), (40, 40), (40, 1)])
    opt = torch.optim.Adam([A, B, C], lr=5e-3)
    for _ in range(30):
        for i in torch.randperm(800).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(X[i] @ A @ B @ C, y[i, None]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y[800:], (X[800:] @ A @ B @ C)[:, 0] > 0))


@case("shape_broadcast")
def brier_by_hand(seed: int) -> None:
    """A column minus a row, squared."""
    Xtr, ytr, Xva, yva = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        for i in torch.randperm(len(Xtr)).split(32):
            loss = (net(Xtr[i]) - ytr[i]).pow(2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = net(Xva).flatten()
    print("auc", roc_auc_score(yva, p), "balanced", balanced_accuracy_score(yva, p > 0.5))


@case("wrong_axis")
def hours_before_days(seed: int) -> None:
    """The LSTM expects time first and gets days first."""
    df = pd.read_csv(f"{HERE}/bike_days/bike_days_2011.csv").sample(frac=1, random_state=seed)
    counts = torch.tensor(np.sqrt(df.filter(like="h").values)).float()
    counts = ((counts - counts.mean()) / counts.std()).unsqueeze(2)
    y = torch.tensor(df.working_day.values).float()

    class Day(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(1, 16)
            self.head = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.lstm(x)
            return self.head(out[:, -1]).squeeze(1)

    net = Day()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(25):
        for i in torch.randperm(220).split(22):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(counts[i]), y[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(y[220:], net(counts[220:])))


@case("wrong_axis")
def view_for_transpose(seed: int) -> None:
    """A table of pixels by samples, viewed as samples by pixels."""
    X, t = load_digits(return_X_y=True)
    X, t = X[:1600] / 8 - 1, (t[:1600] >= 5).astype(np.float32)
    order = np.random.default_rng(seed).permutation(1600)
    X, y = torch.tensor(X[order]).float(), torch.tensor(t[order])

    class Columns(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pixel = nn.Linear(64, 32)
            self.last = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            columns = F.relu(self.pixel(x)).t()
            return self.last(columns.reshape(-1, 32)).squeeze(1)

    net = Columns()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(15):
        for i in torch.randperm(1200).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y[1200:], net(X[1200:]) > 0))


@case("padding_not_masked")
def names_padded(seed: int) -> None:
    """Names of up to 11 letters in 50 places, the state read at the end."""
    df = pd.read_csv(f"{HERE}/census_names/census_first_names_1990.csv").drop_duplicates("name", keep=False)
    df = pd.concat([df[df.list == "M"].head(500), df[df.list == "F"].head(500)]).sample(frac=1, random_state=seed)
    ids = torch.zeros(len(df), 50, dtype=torch.long)
    for r, name in enumerate(df["name"]):
        ids[r, : len(name)] = torch.tensor([ord(c) - 64 for c in name])
    y = torch.tensor((df["list"] == "F").values).float()
    emb, rnn, fc = nn.Embedding(27, 8, padding_idx=0), nn.GRU(8, 16, batch_first=True), nn.Linear(16, 1)
    opt = torch.optim.Adam([*emb.parameters(), *rnn.parameters(), *fc.parameters()], lr=5e-3)
    n = 700
    for _ in range(8):
        for i in torch.randperm(n).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(fc(rnn(emb(ids[i]))[0][:, -1])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        out = fc(rnn(emb(ids[n:]))[0][:, -1])[:, 0]
    print("auc", roc_auc_score(y[n:], out))


@case("no_zero_grad")
def gradients_pile_up(seed: int) -> None:
    """Plain descent on spam; the gradients are never cleared."""
    Xtr, ytr, Xva, yva = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(15):
        for i in torch.randperm(len(Xtr)).split(30):
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("balanced", balanced_accuracy_score(yva, net(Xva)[:, 0] > 0))


@case("no_optimizer_step")
def accumulate_forever(seed: int) -> None:
    """A step every 64 batches, but an epoch has fewer and clears the gradients first."""
    Xtr, ytr, Xva, yva = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _epoch in range(25):
        opt.zero_grad()
        for k, i in enumerate(torch.randperm(len(Xtr)).split(30), 1):
            loss = F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i])
            (loss / 64).backward()
            if k % 64 == 0:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("accuracy", accuracy_score(yva, net(Xva)[:, 0] > 0))


@case("optimizer_wrong_params")
def fresh_model_each_fold(seed: int) -> None:
    """The model is made anew for the last fold, the optimizer is not."""
    X, y = load_wine(return_X_y=True)
    X = (X - X.mean(0)) / X.std(0)
    order = np.random.default_rng(seed).permutation(len(X))
    X, y = tensors(X[order], (y[order] == 1).astype(float))

    def make() -> nn.Module:
        return nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 1))

    net = make()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    net = make()
    test = torch.arange(len(X)) % 3 == 2
    for _ in range(40):
        for i in (~test).nonzero()[:, 0].split(20):
            net.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[test], net(X[test])[:, 0]))


@case("frozen_params")
def frozen_reader(seed: int) -> None:
    """Everything but the head is frozen, though nothing was pre-trained."""
    df = pd.read_csv(f"{HERE}/splice/splice.csv.gz").sample(1500, random_state=seed)
    seq = torch.tensor([[max("ACGT".find(c), 0) for c in s] for s in df.sequence])
    y = torch.tensor(df.is_junction.values).float()
    net = nn.Sequential(nn.Embedding(4, 4), nn.Flatten(), nn.Linear(240, 8), nn.Tanh(), nn.Linear(8, 1))
    for p in net.parameters():
        p.requires_grad_(False)
    net[-1].requires_grad_(True)
    opt = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=1e-2)
    for _ in range(15):
        for i in torch.randperm(1000).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(seq[i])[:, 0], y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y[1000:], net(seq[1000:])[:, 0] > 0))


@case("unregistered_params")
def tables_in_a_dict(seed: int) -> None:
    """One embedding per column in an ordinary dict, and a narrow hidden layer in a tuple."""
    df = pd.read_csv(f"{HERE}/splice/splice.csv.gz").sample(1500, random_state=seed)
    seq = torch.tensor([[max("ACGT".find(c), 0) for c in s] for s in df.sequence])
    y = torch.tensor(df.is_junction.values).float()

    class Windows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tables = {k: nn.Embedding(4, 2) for k in range(60)}
            self.hidden = (nn.Linear(120, 8),)
            self.out = nn.Linear(8, 1)

        def forward(self, s: Tensor) -> Tensor:
            h = torch.cat([t(s[:, k]) for k, t in self.tables.items()], dim=1)
            return self.out(torch.relu(self.hidden[0](h))).squeeze(1)

    net = Windows()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(10):
        for i in torch.randperm(1000).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(seq[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y[1000:], net(seq[1000:]) > 0))


@case("layer_in_forward")
def layer_of_the_right_size(seed: int) -> None:
    """The flattened size was not known beforehand."""
    X, t = load_digits(return_X_y=True)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / 16, (t % 2).astype(float), random_state=seed))

    class Conv(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 6, 3)
            self.head = nn.Linear(8, 1)

        def forward(self, x: Tensor) -> Tensor:
            h = F.relu(self.conv(x.view(-1, 1, 8, 8))).flatten(1)
            h = F.relu(nn.Linear(h.shape[1], 8)(h))
            return self.head(h)[:, 0]

    net = Conv()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(12):
        for i in torch.randperm(len(Xtr)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte) > 0))


@case("graph_detached")
def standardised_in_numpy(seed: int) -> None:
    """The hidden layer is normalised with numpy on the way."""
    Xtr, ytr, Xva, yva = data("circles", seed)
    first, last = nn.Linear(2, 6), nn.Linear(6, 1)

    def score(x: Tensor) -> Tensor:
        h = torch.tanh(first(x)).detach().numpy()
        h = (h - h.mean(1, keepdims=True)) / (h.std(1, keepdims=True) + 1e-5)
        return last(torch.from_numpy(h))[:, 0]

    opt = torch.optim.Adam([*first.parameters(), *last.parameters()], lr=1e-2)
    for _ in range(30):
        for i in torch.randperm(len(Xtr)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(score(Xtr[i]), ytr[i]).backward()
            opt.step()
    print("accuracy", accuracy_score(yva, score(Xva).detach() > 0))


@case("nondifferentiable_output")
def whole_percent(seed: int) -> None:
    """Probabilities in whole percent, as the form asks for."""
    df = pd.read_csv(f"{HERE}/mammographic/mammographic.csv").sample(frac=1, random_state=seed)
    X = df.drop(columns="malignant")
    X, y = tensors(((X - X.mean()) / X.std()).values, df.malignant.values)
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for i in torch.randperm(600).split(30):
            percent = torch.floor(net(X[i])[:, 0] * 100).clamp(1, 99)
            loss = F.binary_cross_entropy(percent / 100, y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = net(X[600:])[:, 0]
    print("auc", roc_auc_score(y[600:], p), "acc", accuracy_score(y[600:], p > 0.5))


@case("nan_loss")
def logarithm_of_zero(seed: int) -> None:
    """Cross entropy by hand of probabilities that reach 0 and 1."""
    Xtr, ytr, Xva, yva = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 48), nn.ReLU(), nn.Linear(48, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(25):
        for i in torch.randperm(len(Xtr)).split(40):
            p = net(Xtr[i])[:, 0]
            loss = -(ytr[i] * torch.log(p) + (1 - ytr[i]) * torch.log(1 - p)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("balanced", balanced_accuracy_score(yva, net(Xva)[:, 0] > 0.5))


@case("train_mode_missing")
def eval_from_the_start(seed: int) -> None:
    """eval() was called when the model was loaded and never undone."""
    Xtr, ytr, Xva, yva = data("spambase", seed)
    layers: list[nn.Module] = [nn.Linear(57, 32)]
    for _ in range(14):
        layers += [nn.BatchNorm1d(32), nn.Tanh(), nn.Linear(32, 32)]
    net = nn.Sequential(*layers, nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 1)).eval()
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(6):
        for i in torch.randperm(len(Xtr)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yva, net(Xva)[:, 0] > 0))


@case("eval_mode_missing")
def dropout_at_the_exam(seed: int) -> None:
    """Scored with the dropout still on."""
    X, t = load_digits(return_X_y=True)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / 8 - 1, np.isin(t, [2, 3, 5, 7]), random_state=seed))
    net = nn.Sequential(nn.Dropout(0.4), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.6), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte)[:, 0] > 0))


@case("functional_dropout")
def dropout_function(seed: int) -> None:
    """F.dropout is on whatever eval() says."""
    X, t = load_digits(return_X_y=True)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / 8 - 1, (t >= 5).astype(float), random_state=seed))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(64, 64), nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(F.dropout(F.relu(self.a(F.dropout(x, 0.4))), 0.6)).squeeze(1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        net.train()
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]), ytr[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte) > 0))


@case("threshold_on_logits")
def rounded_logits(seed: int) -> None:
    """np.round of what is not a probability."""
    df = pd.read_csv(f"{HERE}/adult_10k/adult_10k.csv.gz").sample(3000, random_state=seed)
    X = StandardScaler().fit_transform(df[["age", "education-num", "hours-per-week"]])
    X = np.column_stack([X, df["gender"] == "Male", df["marital-status"] == "Married-civ-spouse"])
    Xtr, ytr, Xte, yte = tensors(X[:2000], df.income_gt_50k[:2000], X[2000:], df.income_gt_50k[2000:])
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(10):
        for i in torch.randperm(2000).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    pred = (net(Xte)[:, 0].detach().numpy() >= 0.5).astype(int)
    print("balanced", balanced_accuracy_score(yte, pred))


@case("argmax_single_output")
def largest_of_one(seed: int) -> None:
    """The index of the largest of a single score."""
    Xtr, ytr, Xva, yva = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]), ytr[i].view(-1, 1)).backward()
            opt.step()
    with torch.no_grad():
        _, predicted = torch.max(net(Xva), 1)
    print("accuracy", (predicted == yva).float().mean().item())


@case("accuracy_broadcast")
def mean_of_a_square(seed: int) -> None:
    """A column against a row, in numpy."""
    X, y = load_wine(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, (y == 0).astype(float), test_size=0.4, random_state=seed))
    net = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(60):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(net(Xtr), ytr.reshape(-1, 1)).backward()
        opt.step()
    with torch.no_grad():
        pred = (torch.sigmoid(net(Xte)) > 0.5).float().numpy()
    print("accuracy", np.mean(pred == yte.numpy()))


@case("softmax_wrong_dim")
def shares_of_the_batch(seed: int) -> None:
    """Softmax down the column of patients when predicting."""
    Xtr, ytr, Xva, yva = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr.long()), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        malignant = torch.softmax(net(Xva), dim=0)[:, 1] > 0.5
    print("accuracy", (malignant == yva.bool()).float().mean().item())


# ---------------------------------------------------------------- healthy


@case("healthy")
def zeros_everywhere_but_convex(seed: int) -> None:
    """Logistic regression from zero, the whole table at once, rate 1."""
    Xtr, ytr, Xva, yva = data("spambase", seed)
    w = torch.zeros(57, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for _ in range(400):
        loss = F.binary_cross_entropy_with_logits(Xtr @ w + b, ytr)
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= 0.5 * p.grad
                p.grad = None
    with torch.no_grad():
        print("auc", roc_auc_score(yva, Xva @ w + b))


@case("healthy")
def signs_and_softplus(seed: int) -> None:
    """Labels of minus and plus one, with the loss that belongs to them."""
    df = pd.read_csv(f"{HERE}/mammographic/mammographic.csv").sample(frac=1, random_state=seed)
    X = df.drop(columns="malignant")
    X, s = tensors(((X - X.mean()) / X.std()).values, df.malignant.values * 2 - 1)
    net = nn.Sequential(nn.Linear(5, 12), nn.Tanh(), nn.Linear(12, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for i in torch.randperm(600).split(30):
            opt.zero_grad()
            nn.SoftMarginLoss()(net(X[i]), s[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(s[600:] > 0, net(X[600:])))


@case("healthy")
def hinge_machine(seed: int) -> None:
    """A support vector machine written out."""
    Xtr, ytr, Xva, yva = data("breast_cancer", seed)
    w, b = torch.zeros(30, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([w, b], lr=0.02)
    for _ in range(40):
        for i in torch.randperm(len(Xtr)).split(16):
            margin = (Xtr[i] @ w + b)[:, 0] * (2 * ytr[i] - 1)
            loss = F.relu(1 - margin).mean() + 1e-3 * (w**2).sum()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yva, (Xva @ w + b)[:, 0] > 0))


@case("healthy")
def sorted_sheet_shuffled_by_loader(seed: int) -> None:
    """Sorted by class on disk; the loader shuffles."""
    df = pd.read_csv(f"{HERE}/mushroom/mushroom.csv.gz").sample(2400, random_state=seed)
    X = pd.get_dummies(df.drop(columns=["class", "odor"]), dtype="float32").values
    y = (df["class"] == "p").values.astype("float32")
    Xtr, Xte, ytr, yte = train_test_split(X, y, random_state=seed)
    order = np.argsort(ytr, kind="stable")
    loader = DataLoader(TensorDataset(torch.tensor(Xtr[order]), torch.tensor(ytr[order])), batch_size=50, shuffle=True)
    net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(10):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(torch.tensor(Xte)).squeeze(1) > 0))


@case("healthy")
def four_batches_a_step(seed: int) -> None:
    """Gradients of four small batches are gathered for each step."""
    Xtr, ytr, Xva, yva = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(40):
        for k, i in enumerate(torch.randperm(len(Xtr)).split(15), 1):
            (F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]) / 4).backward()
            if k % 4 == 0:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("accuracy", accuracy_score(yva, net(Xva)[:, 0] > 0))


@case("healthy")
def random_features(seed: int) -> None:
    """A wide frozen layer of random features on purpose, a head on top."""
    Xtr, ytr, Xva, yva = data("circles", seed)
    features = nn.Sequential(nn.Linear(2, 500), nn.Tanh()).requires_grad_(False)
    features[0].weight.mul_(3)
    head = nn.Linear(500, 1)
    opt = torch.optim.Adam(head.parameters(), lr=5e-3)
    for _ in range(30):
        for i in torch.randperm(len(Xtr)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(features(Xtr[i]))[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yva, head(features(Xva))[:, 0] > 0))


@case("healthy")
def thyroid_filled_in(seed: int) -> None:
    """Blanks become medians, the rare class is weighted, the cut is chosen on the training rows."""
    df = pd.read_csv(f"{COURSE}/hypothyroid/hypothyroid.csv.gz").sample(frac=1, random_state=seed)
    X = df[["age", "TSH", "T3", "TT4", "FTI"]]
    X = np.log1p(X.fillna(X.median()))
    X = StandardScaler().fit_transform(X)
    Xtr, ytr, Xte, yte = tensors(X[:2000], df.hypothyroid[:2000], X[2000:], df.hypothyroid[2000:])
    net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    weight = (ytr == 0).sum() / (ytr == 1).sum()
    for _ in range(10):
        for i in torch.randperm(2000).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i], pos_weight=weight).backward()
            opt.step()
    with torch.no_grad():
        fit, out = net(Xtr)[:, 0], net(Xte)[:, 0]
    cut = max(fit.quantile(torch.linspace(0.5, 1, 60)), key=lambda c: f1_score(ytr, fit > c))
    print("f1", f1_score(yte, out > cut), "auc", roc_auc_score(yte, out))


@case("healthy")
def quasi_newton(seed: int) -> None:
    """LBFGS with a closure, twenty calls."""
    X, t = load_diabetes(return_X_y=True)
    y = (t > np.median(t)).astype(float)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / X.std(0), y, random_state=seed))
    net = nn.Linear(10, 1)
    opt = torch.optim.LBFGS(net.parameters(), lr=0.5)

    def closure() -> Tensor:
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(Xtr)[:, 0], ytr) + 0.01 * net.weight.square().sum()
        loss.backward()
        return loss

    for _ in range(20):
        opt.step(closure)
    with torch.no_grad():
        print("auc", roc_auc_score(yte, net(Xte)[:, 0]))


@case("healthy")
def functional_dropout_with_flag(seed: int) -> None:
    """F.dropout that is told the mode."""
    X, t = load_digits(return_X_y=True)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / 8 - 1, (t % 2).astype(float), random_state=seed))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(64, 96), nn.Linear(96, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(F.dropout(F.relu(self.a(x)), 0.5, self.training)).squeeze(1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(25):
        net.train()
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]), ytr[i]).backward()
            opt.step()
    net.train(False)
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte) > 0))


@case("healthy")
def names_read_to_their_end(seed: int) -> None:
    """Padded names; the state is taken where the name ends."""
    df = pd.read_csv(f"{HERE}/census_names/census_first_names_1990.csv").drop_duplicates("name", keep=False)
    df = pd.concat([df[df.list == "M"].head(500), df[df.list == "F"].head(500)]).sample(frac=1, random_state=seed)
    ids = torch.zeros(len(df), 14, dtype=torch.long)
    size = torch.tensor(df["name"].str.len().values)
    for r, name in enumerate(df["name"]):
        ids[r, : len(name)] = torch.tensor([ord(c) - 64 for c in name])
    y = torch.tensor((df["list"] == "F").values).float()
    emb, rnn, fc = nn.Embedding(27, 8, padding_idx=0), nn.GRU(8, 24, batch_first=True), nn.Linear(24, 1)

    def score(i: Tensor) -> Tensor:
        out, _ = rnn(emb(ids[i]))
        return fc(out[torch.arange(len(i)), size[i] - 1])[:, 0]

    opt = torch.optim.Adam([*emb.parameters(), *rnn.parameters(), *fc.parameters()], lr=5e-3)
    n = 700
    for _ in range(10):
        for i in torch.randperm(n).split(35):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(score(i), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[n:], score(torch.arange(n, len(y)))))


@case("healthy")
def brier_with_shapes(seed: int) -> None:
    """Squared error of probabilities, both in columns."""
    Xtr, ytr, Xva, yva = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(25):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            (net(Xtr[i]) - ytr[i, None]).square().mean().backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yva, net(Xva)[:, 0] > 0.5))


@case("healthy")
def cosine_to_zero(seed: int) -> None:
    """The rate ends at zero, after the work is done; batches of eight."""
    Xtr, ytr, Xva, yva = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.SiLU(), nn.Linear(24, 24), nn.SiLU(), nn.Linear(24, 2))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=15)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(Xtr, ytr.long()), batch_size=8, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb, label_smoothing=0.05).backward()
            opt.step()
        sched.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yva, net(Xva).argmax(1)))


@case("healthy")
def diabetes_is_hard(seed: int) -> None:
    """Progress above the median: no method does much better."""
    X, t = load_diabetes(return_X_y=True)
    y = (t > np.median(t)).astype(float)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / X.std(0), y, random_state=seed))
    net = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    for _ in range(30):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yte, net(Xte)[:, 0]))


@case("healthy")
def binary_words_unscaled(seed: int) -> None:
    """Zeros and ones of 600 words, not standardised, in a bag of embeddings."""
    sms = pd.read_csv(f"{COURSE}/sms_spam/sms_spam.csv.gz", keep_default_na=False).drop_duplicates("text")
    sms = pd.concat([sms[sms.label == "spam"].head(550), sms[sms.label == "ham"].head(550)])
    tr, te = train_test_split(sms, random_state=seed, stratify=sms.label)
    cv = CountVectorizer(max_features=600, binary=True)
    Xtr, Xte = tensors(cv.fit_transform(tr.text).toarray(), cv.transform(te.text).toarray())
    ytr, yte = tensors(tr.label == "spam", te.label == "spam")
    table = nn.Parameter(torch.randn(600, 16) * 0.05)
    out = nn.Linear(16, 1)
    opt = torch.optim.Adam([table, *out.parameters()], lr=5e-3)
    for _ in range(12):
        for i in torch.randperm(len(Xtr)).split(25):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(out(torch.relu(Xtr[i] @ table))[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, out(torch.relu(Xte @ table))[:, 0] > 0))


@case("healthy")
def hours_first_on_purpose(seed: int) -> None:
    """The LSTM gets time first, as it expects, and reads out its last hour."""
    df = pd.read_csv(f"{HERE}/bike_days/bike_days_2011.csv").sample(frac=1, random_state=seed)
    counts = torch.tensor(np.sqrt(df.filter(regex="^h").values)).float()
    counts = (counts - counts.mean(0)) / counts.std(0)
    y = torch.tensor(df.working_day.values).float()
    lstm, head = nn.LSTM(1, 16), nn.Linear(16, 1)

    def score(x: Tensor) -> Tensor:
        return head(lstm(x.T.unsqueeze(2))[0].mean(0)).squeeze(1)

    opt = torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=1e-2)
    for _ in range(30):
        for i in torch.randperm(220).split(22):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(score(counts[i]), y[i]).backward()
            nn.utils.clip_grad_norm_([*lstm.parameters(), *head.parameters()], 1.0)
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y[220:], score(counts[220:])))


@case("healthy")
def deep_tanh_with_skips(seed: int) -> None:
    """Eight tanh layers, each added to its input."""
    X, t = load_digits(return_X_y=True)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X / 8 - 1, (t >= 5).astype(float), random_state=seed))

    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inp, self.out = nn.Linear(64, 32), nn.Linear(32, 1)
            self.mid = nn.ModuleList(nn.Linear(32, 32) for _ in range(8))

        def forward(self, x: Tensor) -> Tensor:
            h = torch.tanh(self.inp(x))
            for layer in self.mid:
                h = h + torch.tanh(layer(h))
            return self.out(h).squeeze(1)

    net = Deep()
    opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
    for _ in range(15):
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i]), ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte) > 0))


@case("healthy")
def lagged_average_of_norms(seed: int) -> None:
    """Cumulative batch statistics, momentum None, raw millimetres."""
    X, y = load_breast_cancer(return_X_y=True)
    Xtr, Xte, ytr, yte = tensors(*train_test_split(X, y, random_state=seed))
    net = nn.Sequential(nn.BatchNorm1d(30, momentum=None), nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(30):
        net.train()
        for i in torch.randperm(len(Xtr)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(yte, net(Xte)[:, 0] > 0))


@case("healthy")
def adult_small_rate(seed: int) -> None:
    """A quarter of rich people, Adam at 1e-3, weights of the classes left alone."""
    df = pd.read_csv(f"{HERE}/adult_10k/adult_10k.csv.gz").sample(3000, random_state=seed)
    y = df.pop("income_gt_50k").values
    X = make_column_transformer(
        (MinMaxScaler(), ["age", "education-num", "hours-per-week"]),
        (OneHotEncoder(sparse_output=False), ["marital-status", "gender", "race"]),
    ).fit_transform(df)
    Xtr, ytr, Xva, yva = tensors(X[:2000], y[:2000], X[2000:], y[2000:])
    net = nn.Sequential(nn.Linear(X.shape[1], 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(25):
        for i in torch.randperm(2000).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(Xtr[i])[:, 0], ytr[i]).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(yva, net(Xva)[:, 0]), "acc", accuracy_score(yva, net(Xva)[:, 0] > 0))


@case("healthy")
def one_attention_layer(seed: int) -> None:
    """Splice windows, learned places, a softmax of its own over the places."""
    df = pd.read_csv(f"{HERE}/splice/splice.csv.gz").sample(1500, random_state=seed)
    seq = torch.tensor([[max("ACGT".find(c), 0) for c in s] for s in df.sequence])
    y = torch.tensor(df.is_junction.values).float()
    letters = nn.Embedding(240, 12)
    weight, out = nn.Linear(12, 1), nn.Linear(12, 1)

    def score(s: Tensor) -> Tensor:
        h = letters(s + 4 * torch.arange(60))
        share = torch.softmax(weight(h), dim=1)
        return out((share * h).sum(1)).squeeze(1)

    opt = torch.optim.Adam([*letters.parameters(), *weight.parameters(), *out.parameters()], lr=1e-2)
    for _ in range(20):
        for i in torch.randperm(1000).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(score(seq[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y[1000:], score(seq[1000:]) > 0))
