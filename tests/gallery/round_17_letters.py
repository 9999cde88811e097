"""Training scripts of several people: tables first, then programs."""

import copy
import itertools
import json
import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from imblearn.over_sampling import SMOTE
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_wine,
    make_classification,
    make_moons,
)
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# --- three scripts for tables -----------------------------------------------------------------------------------------


def fit_with_patience(x, y, x_val, y_val, seed):
    torch.manual_seed(seed)
    x, y, x_val = (torch.as_tensor(np.asarray(v), dtype=torch.float32) for v in (x, y, x_val))
    target_val = torch.as_tensor(np.asarray(y_val), dtype=torch.float32)
    net = nn.Sequential(nn.Linear(x.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = optim.Adam(net.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
    best, best_state, waited = math.inf, copy.deepcopy(net.state_dict()), 0
    for epoch in range(80):
        net.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(net(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        net.eval()
        with torch.no_grad():
            val_loss = criterion(net(x_val).squeeze(1), target_val).item()
        if val_loss < best - 1e-4:
            best, best_state, waited = val_loss, copy.deepcopy(net.state_dict()), 0
        else:
            waited += 1
        if epoch % 10 == 0:
            print(f"epoch {epoch:3d}  train {total / len(x):.4f}  val {val_loss:.4f}")
        if waited == 10:
            break
    net.load_state_dict(best_state)
    net.eval()
    with torch.no_grad():
        prob = torch.sigmoid(net(x_val).squeeze(1)).numpy()
    hit = (prob >= 0.5).astype(int)
    print(f"accuracy {accuracy_score(y_val, hit):.3f}  balanced {balanced_accuracy_score(y_val, hit):.3f}")
    if len(np.unique(y_val)) == 2 and np.isfinite(prob).all():
        print(f"AUC {roc_auc_score(y_val, prob):.3f}")


def fit_by_slices(x, y, x_val, y_val, seed):
    torch.manual_seed(seed)
    X, Y = torch.tensor(np.asarray(x), dtype=torch.float32), torch.tensor(np.asarray(y), dtype=torch.float32)
    XV, YV = torch.tensor(np.asarray(x_val), dtype=torch.float32), torch.tensor(np.asarray(y_val), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(X.size(1), 24), nn.Tanh(), nn.Linear(24, 1), nn.Sigmoid())
    opt = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    bce = nn.BCELoss()
    for epoch in range(1, 16):
        for i in range(0, len(X), 32):
            opt.zero_grad()
            loss = bce(model(X[i : i + 32])[:, 0], Y[i : i + 32])
            loss.backward()
            opt.step()
        if epoch % 5 == 0:
            with torch.no_grad():
                p, q = model(X)[:, 0], model(XV)[:, 0]
            print(f"[{epoch:2d}] loss {bce(p, Y):.3f} / {bce(q, YV):.3f}")
    said = q > 0.5
    sens, spec = said[YV == 1].float().mean().item(), (~said)[YV == 0].float().mean().item()
    print(f"sensitivity {sens:.3f} specificity {spec:.3f} mean {(sens + spec) / 2:.3f} F1 {f1_score(YV, said):.3f}")
    print(f"AUC {roc_auc_score(YV, q):.3f}")


def fit_two_columns(x, y, x_val, y_val, seed):
    torch.manual_seed(seed)

    class Net(nn.Module):
        def __init__(self, n):
            super().__init__()
            self.a, self.b, self.drop = nn.Linear(n, 32), nn.Linear(32, 2), nn.Dropout(0.2)

        def forward(self, t):
            return self.b(self.drop(F.gelu(self.a(t))))

    xt, xv = torch.from_numpy(np.array(x, dtype=np.float32)), torch.from_numpy(np.array(x_val, dtype=np.float32))
    yt, yv = torch.from_numpy(np.array(y, dtype=np.int64)), torch.from_numpy(np.array(y_val, dtype=np.int64))
    net = Net(xt.shape[1])
    opt = optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.05)
    for step in range(151):
        net.train()
        opt.zero_grad()
        loss = F.cross_entropy(net(xt), yt)
        loss.backward()
        opt.step()
        if step % 50 == 0:
            net.eval()
            with torch.no_grad():
                out = net(xv)
            guess = out.argmax(1)
            bal = balanced_accuracy_score(yv, guess)
            print(
                f"step {step} loss {loss.item():.4f} val loss {F.cross_entropy(out, yv).item():.4f} "
                f"acc {(guess == yv).float().mean().item():.3f} bal {bal:.3f}"
            )
    if torch.isfinite(out).all():
        score = out.softmax(1)[:, 1]
        print(f"AUC {roc_auc_score(yv, score):.3f}")


def zscore(train, *others):
    scaler = StandardScaler().fit(train)
    return [scaler.transform(part) for part in (train, *others)]


# --- tables -----------------------------------------------------------------------------------------------------------


@case("labels_misaligned")
def adult_features_sorted_after_labels_taken(seed: int) -> None:
    people = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(4000, random_state=seed)
    income = people.pop("income_gt_50k").to_numpy()
    people = people.sort_values(["workclass", "education-num", "hours-per-week"])
    columns = ["age", "workclass", "education-num", "marital-status", "hours-per-week", "gender", "relationship"]
    table = pd.get_dummies(people[columns]).astype(float).to_numpy()
    a, b, ya, yb = train_test_split(table, income, test_size=0.25, random_state=seed, stratify=income)
    a, b = zscore(a, b)
    fit_with_patience(a, ya, b, yb, seed)


@case("labels_misaligned")
def bike_days_answer_of_the_previous_row(seed: int) -> None:
    days = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv").sample(frac=1, random_state=seed)
    days = days.reset_index(drop=True)
    hours = days.filter(regex="^h")
    days["target"] = days["working_day"].shift(1)
    hours, target = hours[days["target"].notna()], days["target"].dropna()
    a, b, ya, yb = train_test_split(hours.to_numpy(float), target.to_numpy(), test_size=0.3, random_state=seed)
    a, b = zscore(np.log1p(a), np.log1p(b))
    fit_two_columns(a, ya, b, yb, seed)


@case("labels_misaligned")
def mammographic_rows_dropped_on_one_side(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv").sample(frac=1, random_state=seed)
    answers = table["malignant"].to_numpy()
    kept = table[table["birads"].between(1, 5)].drop_duplicates(["age", "shape", "margin", "density"])
    answers = answers[: len(kept)]
    shapes = pd.get_dummies(kept[["shape", "margin"]].astype(str))
    values = np.column_stack([kept[["age", "density"]], shapes]).astype(float)
    cut = int(0.7 * len(values))
    a, b = zscore(values[:cut], values[cut:])
    fit_by_slices(a, answers[:cut], b, answers[cut:], seed)


@case("label_noise")
def credit_bureau_answers_typed_in_a_hurry(seed: int) -> None:
    x, y, x_val, y_val = (t.numpy() for t in data("credit_data", seed))
    rng = np.random.default_rng(seed)
    slip = rng.random(len(y)) < 0.38
    y = np.where(slip, 1 - y, y)
    fit_with_patience(x, y, x_val, y_val, seed)


@case("label_noise")
def spam_folder_only_partly_sorted(seed: int) -> None:
    x, y, x_val, y_val = (t.numpy() for t in data("spambase", seed))
    rng = np.random.default_rng(seed + 7)
    seen = rng.random(len(y)) < 0.3
    y = y * seen
    fit_two_columns(x, y, x_val, y_val, seed)


@case("label_noise")
def third_annotator_read_the_form_upside_down(seed: int) -> None:
    x, y = make_classification(3000, 14, n_informative=8, n_redundant=2, class_sep=0.9, flip_y=0.02, random_state=seed)
    rng = np.random.default_rng(seed)
    cut = 2200
    noted = y[:cut].copy()
    annotator = rng.integers(0, 5, cut)
    noted[annotator < 2] = 1 - noted[annotator < 2]
    a, b = zscore(x[:cut], x[cut:])
    fit_by_slices(a, noted, b, y[cut:], seed)


@case("data_leakage")
def diabetes_bootstrap_before_the_split(seed: int) -> None:
    x, target = load_diabetes(return_X_y=True)
    y = (target > 140).astype(int)
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, len(x), 1600)
    x, y = x[rows], y[rows]
    a, b, ya, yb = train_test_split(x, y, test_size=0.25, random_state=seed)
    a, b = zscore(a, b)
    fit_with_patience(a, ya, b, yb, seed)


@case("data_leakage")
def synthetic_minority_before_the_split(seed: int) -> None:
    x, y = make_classification(
        900, 20, n_informative=4, n_redundant=0, weights=[0.85], class_sep=1.0, flip_y=0.1, random_state=seed
    )
    x, y = SMOTE(random_state=seed).fit_resample(x, y)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    a, b = zscore(a, b)
    fit_with_patience(a, ya, b, yb, seed)


@case("data_leakage")
def clinic_visits_split_by_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patients, visits = 150, 12
    body = rng.normal(size=(patients, 12))
    ill = (rng.random(patients) < 1 / (1 + np.exp(-0.9 * body[:, 0]))).astype(int)
    who = np.repeat(np.arange(patients), visits)
    x = body[who] + 0.3 * rng.normal(size=(len(who), 12))
    y = ill[who]
    order = rng.permutation(len(x))
    first, last = order[:1350], order[1350:]
    a, b = zscore(x[first], x[last])
    fit_with_patience(a, y[first], b, y[last], seed)


@case("data_leakage")
def insurance_claims_with_the_letters_sent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 3000
    claims = pd.DataFrame(
        {
            "amount": rng.lognormal(7, 0.8, n),
            "policy_years": rng.integers(0, 20, n),
            "age": rng.integers(18, 85, n),
            "earlier_claims": rng.poisson(0.6, n),
            "reported_after_days": rng.exponential(9, n),
        }
    )
    z = 0.7 * (np.log(claims["amount"]) - 7) - 0.06 * claims["policy_years"] + 0.5 * claims["earlier_claims"]
    rejected = (rng.random(n) < 1 / (1 + np.exp(-(z - 0.4)))).astype(int).to_numpy()
    claims["letters_sent"] = np.where(rejected == 1, 1 + rng.poisson(1.5, n), rng.poisson(0.08, n))
    claims["amount"] = np.log(claims["amount"])
    a, b, ya, yb = train_test_split(claims.to_numpy(float), rejected, test_size=0.3, random_state=seed)
    a, b = zscore(a, b)
    fit_by_slices(a, ya, b, yb, seed)


@case("data_leakage")
def shop_return_rate_of_the_postcode(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2400
    orders = pd.DataFrame({"postcode": rng.integers(0, 900, n), "price": rng.lognormal(3.5, 0.6, n)})
    orders["items"] = rng.integers(1, 6, n)
    orders["express"] = rng.integers(0, 2, n)
    z = 0.8 * (np.log(orders["price"]) - 3.5) + 0.25 * (orders["items"] - 3)
    orders["returned"] = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)
    train, test = train_test_split(orders, test_size=0.3, random_state=seed)
    rate = orders.groupby("postcode")["returned"].mean()
    parts = []
    for part in (train, test):
        here = part["postcode"].map(rate)
        parts.append(np.column_stack([np.log(part["price"]), part["items"], part["express"], here]))
    a, b = zscore(*parts)
    fit_two_columns(a, train["returned"], b, test["returned"], seed)


@case("preprocess_mismatch")
def mushroom_codes_made_for_each_part(seed: int) -> None:
    caps = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz")
    wanted = ["cap-shape", "cap-color", "gill-color", "habitat", "population", "class"]
    caps = caps.sample(3000, random_state=seed)[wanted]
    train, test = caps.iloc[:2200].copy(), caps.iloc[2200:].copy()
    for name in caps.columns[:-1]:
        train[name], _names = pd.factorize(train[name])
        test[name] = pd.factorize(test[name])[0]
    width = 1 + int(max(train.iloc[:, :-1].max().max(), test.iloc[:, :-1].max().max()))
    hot = [np.eye(width)[part.iloc[:, :-1].to_numpy(int)].reshape(len(part), -1) for part in (train, test)]
    fit_with_patience(hot[0], train["class"] == "p", hot[1], test["class"] == "p", seed)


@case("preprocess_mismatch")
def tumour_cells_measured_on_another_scale(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    low, high = a.min(0), a.max(0)
    new = (b - low) / (high - low)
    fit_two_columns(zscore(a)[0], ya, new, yb, seed)


@case("unscaled_features")
def pump_readings_in_pascal_and_kelvin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2400
    pressure, heat = rng.normal(101_325, 400, n), rng.normal(293, 4, n)
    speed, shake = rng.normal(1480, 30, n), rng.gamma(2, 0.02, n)
    z = (pressure - 101_325) / 400 + 0.8 * (heat - 293) / 4 - (speed - 1480) / 30 + 25 * (shake - 0.04)
    fails = (rng.random(n) < 1 / (1 + np.exp(-2 * z))).astype(float)
    table = np.column_stack([pressure, heat, speed, shake])
    a, b = table[:1800], table[1800:]
    fit_with_patience(a, fails[:1800], b, fails[1800:], seed)


@case("weak_signal")
def tomorrow_from_ten_days_of_prices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.standard_t(4, 3000) * 0.01
    frame = pd.DataFrame({f"lag{k}": pd.Series(steps).shift(k) for k in range(1, 11)})
    frame["mean20"] = pd.Series(steps).rolling(20).mean().shift(1)
    frame["vol20"] = pd.Series(steps).rolling(20).std().shift(1)
    frame["up"] = (steps > 0).astype(int)
    frame = frame.dropna()
    train, test = frame.iloc[:2200], frame.iloc[2200:]
    a, b = zscore(train.drop(columns="up").to_numpy(), test.drop(columns="up").to_numpy())
    fit_with_patience(a, train["up"].to_numpy(), b, test["up"].to_numpy(), seed)


@case("weak_signal")
def survey_answers_that_hardly_tell_the_vote(seed: int) -> None:
    rng = np.random.default_rng(seed + 3)
    answers = rng.integers(1, 6, (2600, 16)).astype(float)
    z = 0.13 * (answers[:, 2] - 3) - 0.1 * (answers[:, 9] - 3)
    vote = (rng.random(2600) < 1 / (1 + np.exp(-z))).astype(int)
    a, b, ya, yb = train_test_split(answers, vote, test_size=0.3, random_state=seed)
    a, b = zscore(a, b)
    fit_by_slices(a, ya, b, yb, seed)


@case("label_encoding")
def wine_growers_numbered_from_one(seed: int) -> None:
    x, y = load_wine(return_X_y=True)
    x, grower = x[y < 2], y[y < 2] + 1
    a, b, ya, yb = train_test_split(x, grower, test_size=0.35, random_state=seed, stratify=grower)
    a, b = zscore(a, b)
    fit_with_patience(a, ya, b, yb, seed)


@case("label_encoding")
def suspicious_pages_minus_and_plus(seed: int) -> None:
    rng = np.random.default_rng(seed)
    signs = rng.integers(-1, 2, (2500, 14))
    z = signs[:, 0] + 0.8 * signs[:, 3] - 0.9 * signs[:, 7] + 0.7 * signs[:, 8] * signs[:, 1]
    result = np.where(rng.random(2500) < 1 / (1 + np.exp(-2 * z)), 1, -1)
    a, b, ya, yb = train_test_split(signs, result, test_size=0.3, random_state=seed, stratify=result)
    fit_with_patience(a, ya, b, yb, seed)


@case("unshuffled_data")
def splice_junctions_in_file_order(seed: int) -> None:
    genes = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz")
    train, test = train_test_split(genes, test_size=0.3, random_state=seed)
    train = train.sort_index()
    parts = []
    for part in (train, test):
        letters = np.array([list(s) for s in part["sequence"].str.slice(20, 40)])
        parts.append((letters[:, :, None] == np.array(list("ACGT"))).reshape(len(part), -1).astype(float))
    fit_by_slices(parts[0], train["is_junction"], parts[1], test["is_junction"], seed)


@case("nan_features")
def thyroid_table_with_a_quotient(seed: int) -> None:
    x, y, x_val, y_val = (t.numpy() for t in data("hypothyroid", seed))
    shifted, shifted_val = x - x.min(0), x_val - x.min(0)
    ratio = shifted[:, :1] / shifted[:, -1:]
    ratio_val = shifted_val[:, :1] / shifted_val[:, -1:]
    ratio, ratio_val = (np.where(np.isinf(r), np.nan, r) for r in (ratio, ratio_val))
    fit_with_patience(np.hstack([x, ratio]), y, np.hstack([x_val, ratio_val]), y_val, seed)


@case("imbalance")
def payments_with_few_frauds(seed: int) -> None:
    paid = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz")
    x = paid[["amount", "hour", "foreign", "online"]].to_numpy(float)
    x[:, 0] = np.log1p(x[:, 0])
    y = paid["fraud"].to_numpy()
    users = paid["user"].unique()
    chosen = np.random.default_rng(seed).permutation(users)[: int(0.3 * len(users))]
    held = paid["user"].isin(chosen).to_numpy()
    a, b = zscore(x[~held], x[held])
    order = np.random.default_rng(seed).permutation(len(a))
    fit_by_slices(a[order], y[~held][order], b, y[held], seed)


@case("threshold_not_tuned")
def parcels_that_mostly_arrive_in_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 4000
    km, weight, weekday, rain = rng.gamma(2, 150, n), rng.lognormal(1, 0.6, n), rng.integers(0, 7, n), rng.random(n)
    load_ = rng.normal(0, 1, n)
    z = 2.1 - 0.004 * (km - 300) - 0.3 * (weight - 3) - 0.9 * (weekday >= 5) - 1.6 * (rain - 0.5) - 0.8 * load_
    in_time = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)
    table = np.column_stack([km, np.log(weight), weekday >= 5, rain, load_]).astype(float)
    a, b, ya, yb = train_test_split(table, in_time, test_size=0.3, random_state=seed, stratify=in_time)
    a, b = zscore(a, b)
    fit_by_slices(a, ya, b, yb, seed)


@case("labels_single_class")
def first_names_compared_with_the_wrong_word(seed: int) -> None:
    names = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    names = names.drop_duplicates("name", keep=False).sample(3000, random_state=seed)
    y = (names["list"] == "female").astype(int).to_numpy()
    ends = np.array([list(name[-2:].rjust(2, "_")) for name in names["name"]])
    alphabet = np.array(list("_ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    x = (ends[:, :, None] == alphabet).reshape(len(ends), -1).astype(float)
    fit_with_patience(x[:2200], y[:2200], x[2200:], y[2200:], seed)


@case("augmentation_too_heavy")
def swipes_also_held_the_other_way_round(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, t = 1200, np.linspace(-1, 1, 30)
    right = rng.integers(0, 2, n)
    middle, width = rng.uniform(-0.4, 0.4, (n, 1)), rng.uniform(0.15, 0.3, (n, 1))
    push = -(t - middle) / width * np.exp(-(((t - middle) / width) ** 2))
    swipes = np.where(right[:, None] == 1, push, -push) + 0.3 * rng.normal(size=(n, 30))
    a, b, ya, yb = train_test_split(swipes, right, test_size=0.3, random_state=seed)
    a, ya = np.repeat(a, 3, axis=0), np.repeat(ya, 3)
    a = a * rng.choice([-1, 1], (len(a), 1)) + 0.1 * rng.normal(size=a.shape)
    a, b = zscore(a, b)
    fit_with_patience(a, ya, b, yb, seed)


# --- programs ---------------------------------------------------------------------------------------------------------


class ProbabilisticModel(nn.Module):
    """Base class of our models: subclasses give `score`."""

    def score(self, x):
        raise NotImplementedError

    def forward(self, x):
        return self.score(x).sigmoid()

    def predict(self, x):
        self.eval()
        with torch.no_grad():
            return torch.sigmoid(self(x))


class ChurnModel(ProbabilisticModel):
    def __init__(self, n):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n, 40), nn.SiLU(), nn.Linear(40, 1))

    def score(self, x):
        return self.layers(x).flatten()


@case("double_sigmoid")
def base_class_turns_scores_into_probabilities(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = data("moons", seed)
    model = ChurnModel(x.shape[1])
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(40):
        model.train()
        for idx in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
        if epoch % 10 == 9:
            pred = (model.predict(x_val) > 0.5).float()
            print(f"{epoch}: loss={loss.item():.4f} acc={(pred == y_val).float().mean().item():.3f}")


@case("bce_on_logits")
def loss_from_a_settings_dictionary(seed: int) -> None:
    torch.manual_seed(seed)
    settings = json.loads('{"loss": "bce", "width": 32, "rate": 0.003, "epochs": 25}')
    losses = {"bce": nn.BCELoss, "bce_logits": nn.BCEWithLogitsLoss, "mse": nn.MSELoss}
    x, y = load_breast_cancer(return_X_y=True)
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
    xa, xb = (torch.tensor(v, dtype=torch.float32) for v in zscore(xa, xb))
    ya, yb = (torch.tensor(v, dtype=torch.float32).unsqueeze(1) for v in (ya, yb))
    net = nn.Sequential(nn.Linear(30, settings["width"]), nn.ReLU(), nn.Linear(settings["width"], 1))
    loss_fn = losses[settings["loss"]]()
    opt = optim.Adam(net.parameters(), lr=settings["rate"])
    for _epoch in range(settings["epochs"]):
        for xb_, yb_ in DataLoader(TensorDataset(xa, ya), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = loss_fn(net(xb_), yb_)
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("val auc", roc_auc_score(yb.numpy(), net(xb).numpy()))


def dense_stack(sizes):
    parts = []
    for before, after in itertools.pairwise(sizes):
        parts += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*parts)


@case("relu_on_output")
def stack_builder_treats_all_layers_alike(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = make_classification(2400, 12, n_informative=6, weights=[0.6], class_sep=0.8, random_state=seed)
    train_x, test_x = (torch.from_numpy(v).float() for v in zscore(x[:1800], x[1800:]))
    train_y, test_y = torch.from_numpy(y[:1800]).float(), y[1800:]
    tower = dense_stack([12, 48, 24, 1])
    opt = optim.Adam(tower.parameters(), lr=2e-3)
    for epoch in range(20):
        running = []
        for rows in torch.randperm(1800).chunk(36):
            loss = F.binary_cross_entropy_with_logits(tower(train_x[rows]).view(-1), train_y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            running.append(loss.item())
        with torch.no_grad():
            score = tower(test_x).view(-1).sigmoid()
        bal = balanced_accuracy_score(test_y, score >= 0.5)
        print(f"epoch {epoch} loss {np.mean(running):.3f} bal {bal:.3f} auc {roc_auc_score(test_y, score):.3f}")


class SmoothedLoss(nn.Module):
    """Wraps a loss; moves the targets a little away from 0 and 1."""

    def __init__(self, inner, eps=0.02):
        super().__init__()
        self.inner, self.eps = inner, eps

    def forward(self, out, target):
        return self.inner(out.sigmoid(), target * (1 - 2 * self.eps) + self.eps)


class SensorRows(Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


@case("shape_broadcast")
def brier_loss_in_a_wrapper(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, xv, yv = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    loss_fn = SmoothedLoss(F.mse_loss)
    opt = optim.RMSprop(net.parameters(), lr=3e-3)
    for _epoch in range(30):
        for xb, yb in DataLoader(SensorRows(x, y), batch_size=40, shuffle=True):
            opt.zero_grad()
            loss = loss_fn(net(xb), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        p = net(xv).sigmoid().squeeze(1)
    print(f"loss {loss.item():.4f}  AUC {roc_auc_score(yv, p):.3f}  acc {((p > 0.5) == yv.bool()).float().mean():.3f}")


class LoanData:
    """Data module: splits, scales, hands out loaders and the weight of the positive class."""

    def __init__(self, seed, batch=64):
        x, y = make_classification(
            4000, 15, n_informative=6, weights=[0.85], class_sep=0.7, flip_y=0.02, random_state=seed
        )
        a, b, ya, yb = train_test_split(x, y, test_size=0.25, random_state=seed, stratify=y)
        a, b = zscore(a, b)
        self.train = TensorDataset(torch.tensor(a).float(), torch.tensor(ya).float())
        self.val = TensorDataset(torch.tensor(b).float(), torch.tensor(yb).float())
        self.batch = batch

    @property
    def pos_weight(self):
        share = self.train.tensors[1].mean()
        return share / (1 - share)

    def loader(self, part):
        return DataLoader(getattr(self, part), self.batch, shuffle=part == "train")


@case("class_weights_wrong")
def loan_data_module_with_a_weight(seed: int) -> None:
    torch.manual_seed(seed)
    dm = LoanData(seed)
    net = nn.Sequential(nn.Linear(15, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    crit = nn.BCEWithLogitsLoss(pos_weight=dm.pos_weight)
    opt = optim.AdamW(net.parameters(), lr=2e-3)
    for epoch in range(12):
        for xb, yb in dm.loader("train"):
            opt.zero_grad()
            crit(net(xb), yb).backward()
            opt.step()
        said, true = [], []
        with torch.no_grad():
            for xb, yb in dm.loader("val"):
                said.append(net(xb) > 0)
                true.append(yb)
        said, true = torch.cat(said), torch.cat(true)
        print(f"epoch {epoch} bal.acc {balanced_accuracy_score(true, said):.3f} F1 {f1_score(true, said):.3f}")


def sentences(n, seed):
    """Token ids: the class is which of two key words comes last."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(n):
        words = rng.integers(3, 30, rng.integers(4, 13))
        i, j = np.sort(rng.choice(len(words), 2, replace=False))
        label = rng.integers(0, 2)
        words[i], words[j] = (1, 2) if label else (2, 1)
        texts.append(torch.tensor(words))
        labels.append(float(label))
    return texts, torch.tensor(labels)


class LastState(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(30, 16, padding_idx=0)
        self.rnn = nn.GRU(16, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, ids, lengths):
        states, _ = self.rnn(self.emb(ids))
        last = states[:, -1]
        return self.head(last).squeeze(-1)


@case("padding_not_masked")
def reader_of_short_sentences_in_long_rows(seed: int) -> None:
    torch.manual_seed(seed)
    texts, y = sentences(1300, seed)
    lengths = torch.tensor([len(t) for t in texts])
    ids = torch.zeros(len(texts), 60, dtype=torch.long)
    for row, text in zip(ids, texts, strict=False):
        row[: len(text)] = text
    net = LastState()
    opt = optim.Adam(net.parameters(), lr=4e-3)
    for epoch in range(8):
        for rows in torch.randperm(1000).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(ids[rows], lengths[rows]), y[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        with torch.no_grad():
            out = net(ids[1000:], lengths[1000:])
        print(f"epoch {epoch} loss {loss.item():.3f} acc {((out > 0) == (y[1000:] > 0)).float().mean().item():.3f}")


def stack_recordings(batch):
    waves = torch.stack([w for w, _ in batch], dim=1)
    return waves.view(len(batch), -1, waves.shape[-1]), torch.tensor([t for _, t in batch])


@case("wrong_axis")
def recordings_put_together_in_a_collate_function(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    items = []
    for _ in range(900):
        t = rng.integers(0, 2)
        phase, speed = rng.uniform(0, 6.28), 0.5 + 0.25 * t + rng.normal(0, 0.05)
        wave = np.sin(np.arange(24)[:, None] * speed + phase + np.array([0, 1.0, 2.0])) + rng.normal(0, 0.3, (24, 3))
        items.append((torch.tensor(wave).float(), float(t)))
    train = DataLoader(items[:700], batch_size=32, shuffle=True, collate_fn=stack_recordings)
    val = DataLoader(items[700:], batch_size=32, collate_fn=stack_recordings)
    gru, head = nn.GRU(3, 24, batch_first=True), nn.Linear(24, 1)
    opt = optim.Adam([*gru.parameters(), *head.parameters()], lr=5e-3)
    for _epoch in range(12):
        for xb, yb in train:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(head(gru(xb)[1][0])[:, 0], yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        parts = [(head(gru(xb)[1][0])[:, 0], yb) for xb, yb in val]
    score, true = torch.cat([p for p, _ in parts]), torch.cat([q for _, q in parts])
    print(f"train loss {loss.item():.3f}, val AUC {roc_auc_score(true, score):.3f}")


class Fitter:
    def __init__(self, net, rate, epochs):
        self.net, self.epochs = net, epochs
        self.opt = optim.SGD(net.parameters(), lr=rate, momentum=0.9)

    def begin(self):
        self.opt.zero_grad()

    def batch(self, x, y):
        loss = F.cross_entropy(self.net(x), y)
        loss.backward()
        self.opt.step()
        return loss.item()

    def run(self, x, y, x_val, y_val):
        self.begin()
        for epoch in range(self.epochs):
            losses = [self.batch(x[i], y[i]) for i in torch.randperm(len(x)).split(32)]
            with torch.no_grad():
                out = self.net(x_val).log_softmax(1)
            acc = (out.argmax(1) == y_val).float().mean().item()
            auc = roc_auc_score(y_val, out[:, 1] - out[:, 0])
            print(f"{epoch:2d} loss {np.mean(losses):.3f} acc {acc:.3f} auc {auc:.3f}")


@case("no_zero_grad")
def small_trainer_with_a_begin_hook(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    Fitter(net, 0.03, 20).run(x, y.long(), x_val, y_val.long())


@dataclass
class Plan:
    rate: float = 3e-3
    batch: int = 64
    epochs: int = 15
    accumulate: int = 32
    hidden: list = field(default_factory=lambda: [32, 16])


@case("no_optimizer_step")
def accumulate_as_planned(seed: int) -> None:
    torch.manual_seed(seed)
    plan = Plan()
    x, y, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(
        nn.Linear(x.shape[1], plan.hidden[0]),
        nn.ReLU(),
        nn.Linear(plan.hidden[0], plan.hidden[1]),
        nn.ReLU(),
        nn.Linear(plan.hidden[1], 1),
    )
    optimizer = optim.Adam(net.parameters(), lr=plan.rate)
    for epoch in range(plan.epochs):
        optimizer.zero_grad()
        for k, rows in enumerate(torch.randperm(len(x)).split(plan.batch)):
            loss = F.binary_cross_entropy_with_logits(net(x[rows])[:, 0], y[rows]) / plan.accumulate
            loss.backward()
            if (k + 1) % plan.accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()
        with torch.no_grad():
            score = net(x_val)[:, 0]
        right = ((score > 0) == (y_val > 0)).float().mean()
        print(f"epoch {epoch}: acc {right:.3f} auc {roc_auc_score(y_val, score):.3f}")


@case("optimizer_wrong_params")
def several_starts_from_one_template(seed: int) -> None:
    torch.manual_seed(seed)
    digits, number = load_digits(return_X_y=True)
    odd = (number % 2).astype(np.float32)
    a, b, ya, yb = train_test_split((digits / 16).astype(np.float32), odd, test_size=0.3, random_state=seed)
    a, b, ya = torch.tensor(a), torch.tensor(b), torch.tensor(ya)
    template = nn.Sequential(nn.Linear(64, 48), nn.LeakyReLU(), nn.Linear(48, 1))
    best = None
    for start in range(2):
        for layer in template:
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
        net = copy.deepcopy(template)
        opt = optim.Adam(template.parameters(), lr=3e-3)
        for _epoch in range(20):
            for rows in torch.randperm(len(a)).split(64):
                opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(net(a[rows]).squeeze(), ya[rows])
                loss.backward()
                opt.step()
        with torch.no_grad():
            whole = F.binary_cross_entropy_with_logits(net(a).squeeze(), ya).item()
            acc = accuracy_score(yb, (net(b).squeeze() > 0).float())
        print(f"start {start}: train loss {whole:.3f}, val accuracy {acc:.3f}")
        if best is None or whole < best[0]:
            best = whole, acc
    print(f"best: {best[0]:.3f} {best[1]:.3f}")


@case("frozen_params")
def warm_up_of_the_head_and_then_all(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = make_classification(2600, 16, n_informative=6, n_clusters_per_class=4, class_sep=1.3, random_state=seed)
    a, b = (torch.tensor(v).float() for v in zscore(x[:2000], x[2000:]))
    ya, yb = torch.tensor(y[:2000]).float(), y[2000:]
    body = nn.Sequential(nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 6), nn.ReLU())
    head = nn.Linear(6, 1)

    def phase(title, epochs, rate):
        opt = optim.Adam([*body.parameters(), *head.parameters()], lr=rate)
        for _ in range(epochs):
            for rows in torch.randperm(2000).split(64):
                opt.zero_grad()
                loss = F.binary_cross_entropy_with_logits(head(body(a[rows])).flatten(), ya[rows])
                loss.backward()
                opt.step()
        with torch.no_grad():
            score = head(body(b)).flatten()
        print(
            f"{title}: loss {loss.item():.3f} val AUC {roc_auc_score(yb, score):.3f} "
            f"acc {accuracy_score(yb, score > 0):.3f}"
        )

    for p in body.parameters():
        p.requires_grad_(False)
    phase("head", 3, 5e-3)
    for layer in body:
        layer.requires_grad = True
    phase("all", 25, 5e-3)


class Tower(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self.steps = [self.make(width) for _ in range(depth)]

    def make(self, width):
        raise NotImplementedError

    def run(self, h):
        for step in self.steps:
            h = h + step(h)
        return h


class GatedTower(Tower):
    def __init__(self, n, width=3, depth=2):
        super().__init__(width, depth)
        self.inp, self.out = nn.Linear(n, width), nn.Linear(width, 1)

    def make(self, width):
        return nn.Sequential(nn.Linear(width, 24), nn.ReLU(), nn.Linear(24, width))

    def forward(self, x):
        return self.out(self.run(self.inp(x))).squeeze(-1)


@case("unregistered_params")
def gated_tower_over_a_parent_class(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = data("circles", seed)
    net = GatedTower(2)
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(25):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            loss = F.soft_margin_loss(net(x[rows]), 2 * y[rows] - 1)
            loss.backward()
            opt.step()
        if epoch % 8 == 0:
            with torch.no_grad():
                auc = roc_auc_score(y_val, net(x_val))
            print(f"epoch {epoch} loss {loss.item():.4f} auc {auc:.3f}")


class Neighbourhood(nn.Module):
    """Mean of a node's neighbours, by adjacency matrix."""

    def __init__(self, n, m):
        super().__init__()
        self.own, self.near = nn.Linear(n, m), nn.Linear(n, m)

    def forward(self, h, adj):
        mixed = torch.tensor((adj @ h).tolist())
        return torch.relu(self.own(mixed) + self.near(mixed * mixed))


@case("graph_detached")
def circles_of_friends(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 600
    trait = rng.normal(size=(n, 10))
    links = rng.random((n, n)) < 0.008
    adj = (links | links.T | np.eye(n, dtype=bool)).astype(float)
    adj = torch.tensor(adj / adj.sum(1, keepdims=True)).float()
    hidden = adj.numpy() @ np.sin(2.0 * trait[:, 0]) * 3 + adj.numpy() @ trait[:, 1]
    y = torch.tensor(hidden + 0.1 * rng.normal(size=n) > np.median(hidden)).float()
    x = torch.tensor(trait).float()
    known = torch.tensor(rng.random(n) < 0.7)
    embed = nn.Sequential(nn.Linear(10, 3), nn.Tanh())
    conv, head = Neighbourhood(3, 8), nn.Linear(8, 1)
    opt = optim.Adam([*embed.parameters(), *conv.parameters(), *head.parameters()], lr=0.02)
    for step in range(150):
        opt.zero_grad()
        out = head(conv(embed(x), adj))[:, 0]
        loss = F.binary_cross_entropy_with_logits(out[known], y[known])
        loss.backward()
        opt.step()
        if step % 30 == 29:
            auc = roc_auc_score(y[~known], out[~known].detach())
            print(f"step {step} loss {loss.item():.3f} held-out AUC {auc:.3f}")


class OverlapLoss(nn.Module):
    def __init__(self, base, share=1.0):
        super().__init__()
        self.base, self.share = base, share

    def forward(self, out, target):
        p = self.base(out)
        both = (p * target).sum()
        return self.share * (1 - (2 * both + 1) / (p.sum() + target.sum() + 1))


@case("nondifferentiable_output")
def overlap_of_said_and_true(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = OverlapLoss(lambda out: out.sigmoid().round())
    opt = optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(20):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=60, shuffle=True):
            opt.zero_grad()
            loss = criterion(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
        with torch.no_grad():
            said = net(x_val).squeeze(1) > 0
        print(
            f"epoch {epoch + 1}: loss {loss.item():.4f}  F1 {f1_score(y_val, said):.3f}  "
            f"bal {balanced_accuracy_score(y_val, said):.3f}"
        )


@case("lr_too_high")
def rate_follows_the_batch_size(seed: int) -> None:
    torch.manual_seed(seed)
    config = {"base_rate": 0.01, "base_batch": 1, "batch": 64, "epochs": 15}
    images, digit = load_digits(return_X_y=True)
    y = np.isin(digit, (0, 6, 8, 9)).astype(np.float32)
    a, b, ya, yb = train_test_split(images.astype(np.float32) / 16, y, test_size=0.3, random_state=seed)
    a, b = torch.tensor(a).view(-1, 1, 8, 8), torch.tensor(b).view(-1, 1, 8, 8)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 1),
        nn.Flatten(0),
    )
    opt = optim.AdamW(net.parameters(), lr=config["base_rate"] * config["batch"] / config["base_batch"])
    for epoch in range(config["epochs"]):
        seen = 0.0
        for xb, yb_ in DataLoader(TensorDataset(a, torch.tensor(ya)), batch_size=config["batch"], shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb_)
            loss.backward()
            opt.step()
            seen += loss.item() * len(xb)
        with torch.no_grad():
            out = net(b)
        print(
            f"{epoch + 1}/{config['epochs']} loss {seen / len(a):.4f} bal {balanced_accuracy_score(yb, out > 0):.3f} "
            f"auc {roc_auc_score(yb, out):.3f}"
        )


def plan_rates(optimizer, epochs):
    """Full rate at first, a tenth of it after two thirds, a hundredth near the end."""
    return optim.lr_scheduler.MultiStepLR(optimizer, [epochs * 2 // 3, epochs * 9 // 10], gamma=0.1)


@case("scheduler_misuse")
def rates_planned_in_a_helper(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
    epochs = 30
    opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    rates = plan_rates(opt, epochs)
    history = []
    for _epoch in range(epochs):
        for k in torch.randperm(len(x)).split(20):
            p = net(x[k])[:, 0]
            loss = F.binary_cross_entropy(p, y[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
            rates.step()
        with torch.no_grad():
            q = net(x_val)[:, 0]
        history.append((loss.item(), ((q > 0.5).float() == y_val).float().mean().item(), roc_auc_score(y_val, q)))
    for line in history[::6] + history[-1:]:
        print("loss {:.3f} acc {:.3f} auc {:.3f}".format(*line))


@case("vanishing_gradients")
def deep_column_of_squashing_layers(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = data("spambase", seed)
    blocks, width = [], x.shape[1]
    for _ in range(6):
        blocks.append(nn.Sequential(nn.Linear(width, 32), nn.Sigmoid()))
        width = 32
    net = nn.Sequential(*blocks, nn.Linear(32, 1))
    opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(40):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=40, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(-1), yb)
            loss.backward()
            opt.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                out = net(x_val).squeeze(-1)
            print(
                f"epoch {epoch}: loss {loss.item():.4f} AUC {roc_auc_score(y_val, out):.3f} "
                f"bal {balanced_accuracy_score(y_val, out > 0):.3f}"
            )


class Initialised(nn.Module):
    def setup(self, weight, bias=0.0):
        for name, p in self.named_parameters():
            nn.init.constant_(p, bias if name.endswith("bias") else weight)


class TwoMoons(Initialised):
    def __init__(self, hidden):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(2, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1)
        self.setup(weight=0.1)

    def forward(self, x):
        return self.last(torch.tanh(self.second(torch.tanh(self.first(x))))).squeeze(1)


@case("bad_init")
def every_layer_starts_from_the_parents_setup(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = make_moons(1000, noise=0.15, random_state=seed)
    x, x_val = (torch.tensor(v).float() for v in zscore(x[:700], x[700:]))
    y, y_val = torch.tensor(y[:700]).float(), y[700:]
    net = TwoMoons(20)
    opt = optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(40):
        for rows in torch.randperm(700).split(35):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                acc = accuracy_score(y_val, net(x_val) > 0)
            print(f"epoch {epoch:2d}  loss {loss.item():.4f}  val acc {acc:.3f}")


class Callback:
    def after_loss(self, net, loss):
        return loss


class WeightPenalty(Callback):
    def __init__(self, strength):
        self.strength = strength

    def after_loss(self, net, loss):
        return loss + self.strength * sum((p**2).sum() for p in net.parameters())


@case("regularisation_too_strong")
def penalty_added_by_a_callback(seed: int) -> None:
    torch.manual_seed(seed)
    callbacks = [Callback(), WeightPenalty(0.05)]
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(30):
        for rows in torch.randperm(len(x)).split(50):
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            for callback in callbacks:
                loss = callback.after_loss(net, loss)
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            out = net(x_val)
        bce = F.binary_cross_entropy_with_logits(out, y_val).item()
        print(
            f"epoch {epoch} val loss {bce:.3f} acc {((out > 0) == (y_val > 0)).float().mean():.3f} "
            f"auc {roc_auc_score(y_val, out):.3f}"
        )


class OnFixedFeatures(nn.Module):
    """Random cosine features, which stay as they are, below a small net."""

    def __init__(self, n, width=12):
        super().__init__()
        self.fixed = nn.Sequential(nn.Linear(n, 60), nn.BatchNorm1d(60, affine=False))
        for p in self.fixed.parameters():
            p.requires_grad_(False)
        self.net = nn.Sequential(
            nn.Linear(60, width),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(width, 1),
        )

    def train(self, mode=True):
        super().train()
        self.fixed.eval()
        return self

    def forward(self, x):
        return self.net(torch.cos(2 * self.fixed(x))).squeeze(1)


@case("eval_mode_missing")
def net_on_fixed_cosine_features(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = data("moons", seed)
    net = OnFixedFeatures(2)
    opt = optim.Adam((p for p in net.parameters() if p.requires_grad), lr=4e-3)
    for epoch in range(61):
        net.train()
        for rows in torch.randperm(len(x)).split(60):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        if epoch % 15 == 0:
            net.eval()
            with torch.no_grad():
                score = net(x_val)
            bal = balanced_accuracy_score(y_val, score > 0)
            print(f"epoch {epoch} auc {roc_auc_score(y_val, score):.3f} bal {bal:.3f}")


@case("batchnorm_stats")
def batch_norm_with_the_settings_of_another_library(seed: int) -> None:
    torch.manual_seed(seed)
    settings = {"units": 32, "norm": {"momentum": 0.001, "eps": 1e-3}, "rate": 3e-3}
    rng = np.random.default_rng(seed)
    t = np.arange(64)
    y = rng.integers(0, 2, 800)
    freq = np.where(y == 1, 0.30, 0.38) + rng.normal(0, 0.02, 800)
    x = 6 * np.sin(freq[:, None] * t + rng.uniform(0, 6.28, (800, 1))) + rng.normal(0, 3, (800, 64)) + 9
    x, y = torch.tensor(x).float().unsqueeze(1), torch.tensor(y).float()
    units = settings["units"]
    net = nn.Sequential(
        nn.BatchNorm1d(1, **settings["norm"]),
        nn.Conv1d(1, units, 9, stride=2),
        nn.ReLU(),
        nn.BatchNorm1d(units, **settings["norm"]),
        nn.Conv1d(units, units, 5),
        nn.ReLU(),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(units, 1),
    )
    opt = optim.Adam(net.parameters(), lr=settings["rate"])
    for epoch in range(12):
        net.train()
        losses = []
        for rows in torch.randperm(600).split(50):
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(x[rows])[:, 0], y[rows])
            loss.backward()
            opt.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            out = net(x[600:])[:, 0]
        print(
            f"epoch {epoch} loss {np.mean(losses):.3f} val {F.binary_cross_entropy_with_logits(out, y[600:]):.3f} "
            f"auc {roc_auc_score(y[600:], out):.3f} bal {balanced_accuracy_score(y[600:], out > 0):.3f}"
        )


class Meter:
    def __init__(self, cut=0.5):
        self.cut, self.hit, self.all = cut, 0, 0

    def update(self, out, target):
        said = out > self.cut
        self.hit += (said == target.bool()).sum().item()
        self.all += target.numel()

    def value(self):
        return self.hit / self.all


@case("accuracy_broadcast")
def meter_over_batches_of_two_shapes(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(40):
        for xb, yb in DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss = F.binary_cross_entropy(net(xb), yb.view(-1, 1))
            loss.backward()
            opt.step()
        meter = Meter()
        with torch.no_grad():
            for xb, yb in DataLoader(TensorDataset(x_val, y_val), batch_size=50):
                meter.update(net(xb), yb)
        if epoch % 10 == 9:
            print(f"epoch {epoch} loss {loss.item():.3f} accuracy {meter.value():.3f}")


class Attend(nn.Module):
    """Scores by query and key, two columns out, class probabilities on request."""

    def __init__(self, n, width):
        super().__init__()
        self.key, self.value, self.query = nn.Linear(n, width), nn.Linear(n, width), nn.Parameter(torch.randn(width))
        self.out, self.share = nn.Linear(width, 2), nn.Softmax(dim=0)

    def forward(self, x):
        weight = torch.softmax(self.key(x) @ self.query, dim=1)
        return self.out((weight.unsqueeze(2) * self.value(x)).sum(1))

    @torch.no_grad()
    def probabilities(self, x):
        return self.share(self(x))


@case("softmax_wrong_dim")
def attention_over_sets_with_probabilities(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1000, 8, 5))
    y = (x[:, :, 0].mean(1) + x[:, :, 1].mean(1) > 0.0).astype(int)
    x, y = torch.tensor(x).float(), torch.tensor(y)
    net = Attend(5, 12)
    opt = optim.AdamW(net.parameters(), lr=5e-3)
    for epoch in range(15):
        for rows in torch.randperm(750).split(50):
            opt.zero_grad()
            loss = F.cross_entropy(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        p = net.probabilities(x[750:])[:, 1]
        print(
            f"epoch {epoch} loss {loss.item():.3f} accuracy {((p > 0.5) == (y[750:] == 1)).float().mean():.3f} "
            f"brier {((p - y[750:]) ** 2).mean():.3f}"
        )


@case("batch_size_too_small")
def rows_left_over_by_index_arithmetic(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = x[order], torch.tensor(y[order]).float()
    a, b = (torch.tensor(v).float() for v in zscore(x[:401], x[401:]))
    net = nn.Sequential(nn.Linear(30, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(net.parameters(), lr=3e-3)
    size = 40
    for epoch in range(15):
        net.train()
        shuffled = torch.randperm(401)
        for start in range(0, 401, size):
            rows = shuffled[start : start + size]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(a[rows])[:, 0], y[:401][rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            print(f"epoch {epoch} loss {loss.item():.3f} auc {roc_auc_score(y[401:], net(b)[:, 0]):.3f}")
