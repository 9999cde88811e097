"""Three training scripts, each unchanged on many tables: embeddings, full batch, convolution over windows."""

import numpy as np
import pandas as pd
import torch
from case import case, data
from numpy.typing import NDArray
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
)
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

Array = NDArray[np.float64]
Frame = pd.DataFrame
FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# Script 1: numbers beside embedded categories, mini-batches


class CategoryNet(nn.Module):
    def __init__(self, numbers: int, levels: list[int]) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(count, min(6, (count + 1) // 2)) for count in levels)
        width = numbers + sum(table.embedding_dim for table in self.tables)
        self.hidden = nn.Linear(width, 32)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(32, 1)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        parts = [table(codes[:, k]) for k, table in enumerate(self.tables)]
        hidden = torch.relu(self.hidden(torch.cat([numbers, *parts], dim=1)))
        return self.out(self.drop(hidden)).squeeze(1)


def train_categories(train: tuple[Array, Array, Array], valid: tuple[Array, Array, Array]) -> None:
    num_train, cat_train, y_train = [torch.as_tensor(np.asarray(part)) for part in train]
    num_val, cat_val, y_val = [torch.as_tensor(np.asarray(part)) for part in valid]
    levels = (torch.cat([cat_train, cat_val]).long().amax(dim=0) + 1).tolist()
    loader = DataLoader(
        TensorDataset(num_train.float(), cat_train.long(), y_train.float()), batch_size=64, shuffle=True
    )
    net = CategoryNet(num_train.shape[1], levels)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
    accuracy, f1 = 0.0, 0.0
    for _epoch in range(max(20, 400 // len(loader))):
        net.train()
        for numbers, codes, target in loader:
            optimizer.zero_grad()
            loss = criterion(net(numbers, codes), target)
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            guess = (net(num_val.float(), cat_val.long()) > 0).long()
        accuracy = (guess == y_val.long()).float().mean().item()
        f1 = f1_score((y_val > 0).long(), guess, zero_division=0)
    print(f"accuracy {accuracy:.3f} F1 {f1:.3f}")


# Script 2: everything in one batch, two outputs


def train_full_batch(x_train: Array, y_train: Array, x_val: Array, y_val: Array) -> None:
    x_train, x_val = torch.tensor(np.asarray(x_train)).float(), torch.tensor(np.asarray(x_val)).float()
    y_train, y_val = torch.tensor(np.asarray(y_train)).long(), torch.tensor(np.asarray(y_val)).long()
    model = nn.Sequential(nn.Linear(x_train.shape[1], 24), nn.GELU(), nn.Linear(24, 2))
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    for _step in range(350):
        model.train()
        loss = loss_fn(model(x_train), y_train)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        y_hat = model(x_val).argmax(dim=1)
    print(f"balanced accuracy {balanced_accuracy_score(y_val, y_hat):.3f}")


# Script 3: windows [rows, channels, length] in the order of the file


class WindowNet(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(channels, 16, 5, padding=2)
        self.conv2 = nn.Conv1d(16, 16, 3, padding=1)
        self.pool = nn.AdaptiveMaxPool1d(12)
        self.head = nn.Linear(192, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.relu(self.conv1(x))
        x = self.pool(nn.functional.relu(self.conv2(x)))
        return self.head(x.flatten(1))


def train_windows(x_train: Array, y_train: Array, x_val: Array, y_val: Array, batch: int = 32) -> None:
    x_train, x_val = torch.from_numpy(np.asarray(x_train)).float(), torch.from_numpy(np.asarray(x_val)).float()
    target = torch.from_numpy(np.asarray(y_train)).float().unsqueeze(1)
    model = WindowNet(x_train.shape[1])
    bce = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    epochs = max(10, min(60, 500 * batch // len(x_train)))
    for _epoch in range(epochs):
        for start in range(0, len(x_train), batch):
            loss = bce(model(x_train[start : start + batch]), target[start : start + batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        score = torch.sigmoid(model(x_val)).squeeze(1).numpy()
    hits = ((score > 0.5) == (np.asarray(y_val) > 0)).mean()
    area = roc_auc_score(np.asarray(y_val) > 0, score) if np.isfinite(score).all() else float("nan")
    print(f"accuracy {hits:.3f} AUC {area:.3f}")


# Tables


def scaled(train: Array, valid: Array) -> tuple[Array, Array]:
    mean, std = train.mean(axis=0), train.std(axis=0) + 1e-9
    return (train - mean) / std, (valid - mean) / std


def halves(frame: Frame, rows: int) -> tuple[Frame, Frame]:
    return frame.iloc[:rows].reset_index(drop=True), frame.iloc[rows:].reset_index(drop=True)


def parts(
    train: Frame, valid: Frame, numbers: list[str], texts: list[str], label: str
) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]:
    both = pd.concat([train, valid])
    codes = both[texts].apply(lambda column: column.astype("category").cat.codes).to_numpy()
    x, x_val = scaled(train[numbers].to_numpy(float), valid[numbers].to_numpy(float))
    n = len(train)
    return (x, codes[:n], train[label].to_numpy(float)), (x_val, codes[n:], valid[label].to_numpy(float))


ADULT_NUMBERS = ["age", "education-num", "gain", "hours-per-week"]
ADULT_TEXTS = ["workclass", "marital-status", "occupation", "relationship"]
MASS_TEXTS = ["shape", "margin", "density"]
CAP_TEXTS = ["cap-shape", "cap-surface", "cap-color", "bruises", "gill-spacing", "stalk-shape", "habitat", "population"]


def adult(seed: int, rows: int = 2200) -> Frame:
    frame = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(rows, random_state=seed)
    frame["gain"] = np.log1p(frame["capital-gain"])
    return frame.reset_index(drop=True)


def masses(seed: int) -> Frame:
    return pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv").sample(frac=1, random_state=seed, ignore_index=True)


def mushrooms(seed: int, rows: int = 1800) -> Frame:
    frame = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").sample(rows, random_state=seed, ignore_index=True)
    frame["poisonous"] = (frame["class"] == "p").astype(float)
    frame["rings"] = frame["ring-number"].map({"n": 0, "o": 1, "t": 2}).astype(float)
    return frame


def payments(seed: int, users: int = 130) -> tuple[Frame, Frame]:
    frame = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz")
    frame["log_amount"] = np.log(frame["amount"])
    frame["usual"] = frame.groupby("user")["log_amount"].transform(lambda column: column.shift().expanding().mean())
    frame["usual"] = frame["usual"].fillna(frame["log_amount"].mean())
    order = np.random.default_rng(seed).permutation(400)
    return frame[frame.user.isin(order[:users])], frame[frame.user.isin(order[users : users + 60])]


def table(name: str, seed: int) -> tuple[Array, Array]:
    if name == "diabetes":
        x, y = load_diabetes(return_X_y=True)
        y = (y > np.median(y)).astype(float)
    elif name == "wine":
        x, y = load_wine(return_X_y=True)
        y = (y == 1).astype(float)
    elif name == "iris":
        x, y = load_iris(return_X_y=True)
        x, y = x[y > 0], (y[y > 0] == 2).astype(float)
    elif name == "digits":
        x, y = load_digits(return_X_y=True)
        y = (y % 2).astype(float)
    else:
        x, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    return x[order].astype(float), y[order].astype(float)


def cut(x: Array, y: Array, rows: int) -> tuple[Array, Array, Array, Array]:
    x_train, x_val = scaled(x[:rows], x[rows:])
    return x_train, y[:rows], x_val, y[rows:]


def known(name: str, seed: int, raw: bool = False) -> tuple[Array, Array, Array, Array]:
    return tuple(part.double().numpy() for part in data(name, seed, raw))


def bike_days(seed: int) -> tuple[Array, Array]:
    frame = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv").sample(frac=1, random_state=seed)
    return frame.filter(regex="^h").to_numpy(float)[:, None, :], frame["working_day"].to_numpy(float)


def splice(seed: int, rows: int = 1400, letters: str = "ACGT") -> tuple[Array, Array]:
    frame = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").drop_duplicates("sequence").sample(rows, random_state=seed)
    codes = np.array([list(text) for text in frame["sequence"]])
    windows = np.stack([codes == letter for letter in letters], axis=1).astype(float)
    return windows, frame["is_junction"].to_numpy(float)


def first_names(seed: int, rows: int = 1500) -> Frame:
    frame = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    return frame.drop_duplicates("name", keep=False).sample(rows, random_state=seed)


def spelled(names: pd.Series) -> Array:
    codes = np.array([list(text.rjust(12)[-12:]) for text in names])
    return np.stack([codes == letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"], axis=1).astype(float)


def bearing(rng: np.random.Generator, rows: int, share: float = 0.5, size: float = 1.8) -> tuple[Array, Array]:
    """Vibration of a machine in windows of 48; a worn bearing adds short bursts."""
    worn = (rng.random(rows) < share).astype(float)
    noise = rng.normal(size=(rows, 50))
    wave = 0.6 * noise[:, 2:] + 0.5 * noise[:, 1:-1] + 0.4 * noise[:, :-2]
    burst = np.exp(-np.arange(6) / 3) * np.array([1, -1, 1, -1, 1, -1])
    for row, at in enumerate(rng.integers(0, 42, size=(rows, 2))):
        for begin in at:
            wave[row, begin : begin + 6] += size * worn[row] * burst
    return wave[:, None, :], worn


def digit_rows(seed: int) -> tuple[Array, Array]:
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    return x[order].reshape(-1, 8, 8) / 8 - 1, (y[order] % 2).astype(float)


# Script 1 on sick tables


@case("label_encoding")
def census_codebook_one_two(seed: int) -> None:
    frame = adult(seed)
    frame["income"] = frame["income_gt_50k"].map({0: 1, 1: 2})
    train_categories(*parts(*halves(frame, 1500), ADULT_NUMBERS, ADULT_TEXTS, "income"))


@case("label_encoding")
def biopsy_minus_plus(seed: int) -> None:
    frame = masses(seed)
    frame["biopsy"] = np.where(frame["malignant"] == 1, 1, -1)
    train_categories(*parts(*halves(frame, 600), ["age"], MASS_TEXTS, "biopsy"))


@case("label_encoding")
def edible_percent_sure(seed: int) -> None:
    frame = mushrooms(seed)
    frame["percent"] = 100 * frame["poisonous"]
    train_categories(*parts(*halves(frame, 1200), ["rings"], CAP_TEXTS, "percent"))


@case("labels_single_class")
def biopsy_register_inner_join(seed: int) -> None:
    train, valid = halves(masses(seed), 600)
    register = train.loc[train["malignant"] == 1, ["malignant"]]
    train = train.drop(columns="malignant").join(register, how="inner")
    train_categories(*parts(train, valid, ["age"], MASS_TEXTS, "malignant"))


@case("labels_misaligned")
def census_dropped_rows_kept_labels(seed: int) -> None:
    train, valid = halves(adult(seed, 2500), 1700)
    label = train["income_gt_50k"]
    keep = train["occupation"] != "?"
    keep[:3] = False
    train = train[keep].reset_index(drop=True)
    train["income_gt_50k"] = label[: len(train)]
    train_categories(*parts(train, valid, ADULT_NUMBERS, ADULT_TEXTS, "income_gt_50k"))


@case("labels_misaligned")
def mushroom_basket_off_by_one(seed: int) -> None:
    train, valid = halves(mushrooms(seed), 1200)
    train["poisonous"] = train["poisonous"].shift(1).fillna(0)
    train_categories(*parts(train, valid, ["rings"], CAP_TEXTS, "poisonous"))


@case("label_noise")
def mushroom_hobby_pickers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, valid = halves(mushrooms(seed, 1100), 600)
    wrong = rng.random(len(train)) < 0.4
    train["poisonous"] = np.where(wrong, 1 - train["poisonous"], train["poisonous"])
    train_categories(*parts(train, valid, ["rings"], CAP_TEXTS, "poisonous"))


@case("weak_signal")
def census_phone_and_zodiac(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = adult(seed)
    frame["house"] = rng.integers(1, 200, len(frame))
    frame["phone"] = rng.integers(0, 10000, len(frame))
    frame["zodiac"] = rng.integers(0, 12, len(frame))
    frame["weekday"] = rng.integers(0, 7, len(frame))
    frame["right_half"] = (frame["age"] > frame["age"].median()).astype(float)
    train_categories(*parts(*halves(frame, 1500), ["house", "phone"], ["zodiac", "weekday"], "right_half"))


@case("imbalance")
def payments_amount_and_hour(seed: int) -> None:
    train, valid = payments(seed, 70)
    train_categories(*parts(train, valid, ["log_amount", "hour"], ["foreign", "online"], "fraud"))


@case("imbalance")
def census_few_top_earners(seed: int) -> None:
    frame = adult(seed, 6000)
    rich = frame["income_gt_50k"] == 1
    frame = pd.concat([frame[~rich], frame[rich][:180]]).sample(2600, random_state=seed)
    train_categories(*parts(*halves(frame, 1700), ["age", "hours-per-week"], ADULT_TEXTS, "income_gt_50k"))


@case("threshold_not_tuned")
def census_quota_sample(seed: int) -> None:
    train, valid = halves(adult(seed, 6000), 3000)
    count = int(train["income_gt_50k"].sum())
    quota = train.groupby("income_gt_50k").sample(count, random_state=seed)
    rich = valid["income_gt_50k"] == 1
    town = pd.concat([valid[~rich], valid[rich][:90]])
    train_categories(*parts(quota, town, ADULT_NUMBERS, ADULT_TEXTS, "income_gt_50k"))


@case("threshold_not_tuned")
def fraud_desk_case_control(seed: int) -> None:
    train, valid = payments(seed, 300)
    fraud = train[train["fraud"] == 1]
    desk = pd.concat([fraud, train[train["fraud"] == 0].sample(len(fraud), random_state=seed)])
    train_categories(*parts(desk, valid, ["log_amount", "usual", "hour"], ["foreign", "online"], "fraud"))


@case("unscaled_features")
def census_gain_and_tax_number(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = adult(seed)
    frame["tax_number"] = rng.integers(10_000_000, 99_999_999, len(frame))
    numbers = ["age", "education-num", "capital-gain", "hours-per-week", "tax_number"]
    train, valid = halves(frame, 1500)
    (_, codes, y), (_, codes_val, y_val) = parts(train, valid, numbers, ADULT_TEXTS, "income_gt_50k")
    train_categories((train[numbers].to_numpy(float), codes, y), (valid[numbers].to_numpy(float), codes_val, y_val))


@case("preprocess_mismatch")
def mushroom_codes_by_appearance(seed: int) -> None:
    train, valid = halves(mushrooms(seed), 1200)
    first, second = parts(train, valid, ["rings"], CAP_TEXTS, "poisonous")
    codes = [np.stack([pd.factorize(part[name])[0] for name in CAP_TEXTS], axis=1) for part in (train, valid)]
    train_categories((first[0], codes[0], first[2]), (second[0], codes[1], second[2]))


@case("preprocess_mismatch")
def masses_age_left_in_years(seed: int) -> None:
    train, valid = halves(masses(seed), 600)
    first, second = parts(train, valid, ["age"], MASS_TEXTS, "malignant")
    train_categories(first, (valid[["age"]].to_numpy(float), second[1], second[2]))


@case("nan_features")
def census_second_jobs_outer_join(seed: int) -> None:
    frame = adult(seed)
    second = pd.DataFrame({"second_hours": frame["hours-per-week"].sample(frac=0.3, random_state=seed) / 4})
    frame = frame.join(second)
    frame["second_hours"] /= frame["second_hours"].std()
    train, valid = halves(frame, 1500)
    first, valids = parts(train, valid, ADULT_NUMBERS, ADULT_TEXTS, "income_gt_50k")
    num = np.column_stack([first[0], train["second_hours"]])
    num_val = np.column_stack([valids[0], valid["second_hours"]])
    train_categories((num, *first[1:]), (num_val, *valids[1:]))


@case("nan_loss")
def payments_verdict_pending(seed: int) -> None:
    train, valid = payments(seed, 70)
    train = train.copy()
    train.loc[train.sample(40, random_state=seed).index, "fraud"] = np.nan
    train_categories(*parts(train, valid, ["log_amount", "usual", "hour"], ["foreign", "online"], "fraud"))


@case("data_leakage")
def households_joined_to_visits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = adult(seed, 160)
    people["district"] = rng.integers(0, 40, len(people))
    people["answered"] = (rng.random(len(people)) < 0.25 + 0.5 * people["income_gt_50k"]).astype(float)
    visits = people.loc[people.index.repeat(8)].sample(frac=1, random_state=seed)
    texts = [*ADULT_TEXTS, "district"]
    train_categories(*parts(*halves(visits, 900), ADULT_NUMBERS, texts, "answered"))


# Script 1 on healthy tables


@case("healthy")
def census_clean(seed: int) -> None:
    train_categories(*parts(*halves(adult(seed), 1500), ADULT_NUMBERS, ADULT_TEXTS, "income_gt_50k"))


@case("healthy")
def masses_clean(seed: int) -> None:
    train_categories(*parts(*halves(masses(seed), 600), ["age"], MASS_TEXTS, "malignant"))


@case("healthy")
def mushroom_without_odor(seed: int) -> None:
    train_categories(*parts(*halves(mushrooms(seed), 1200), ["rings"], CAP_TEXTS, "poisonous"))


@case("healthy")
def census_married_constant_country(seed: int) -> None:
    frame = adult(seed, 4000)
    frame = frame[frame["marital-status"] == "Married-civ-spouse"].reset_index(drop=True)
    frame["year"] = 1994.0
    texts = ["marital-status", "workclass", "occupation"]
    train_categories(*parts(*halves(frame, 1200), [*ADULT_NUMBERS, "year"], texts, "income_gt_50k"))


@case("healthy")
def diabetes_sex_as_category(seed: int) -> None:
    x, y = table("diabetes", seed)
    frame = pd.DataFrame({"sex": x[:, 1].round(3), "bmi": x[:, 2], "pressure": x[:, 3], "s5": x[:, 8], "worse": y})
    train_categories(*parts(*halves(frame, 320), ["bmi", "pressure", "s5"], ["sex"], "worse"))


@case("healthy")
def mushroom_a_few_slips(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = mushrooms(seed)
    slips = rng.random(len(frame)) < 0.03
    frame["poisonous"] = np.where(slips, 1 - frame["poisonous"], frame["poisonous"])
    train_categories(*parts(*halves(frame, 1740), ["rings"], CAP_TEXTS, "poisonous"))


# Script 2 on sick tables


@case("labels_single_class")
def iris_class_of_the_wrong_number(seed: int) -> None:
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    train_full_batch(*cut(x[order], (y[order] == 3).astype(float), 110))


@case("labels_misaligned")
def digits_files_sorted_as_text(seed: int) -> None:
    x_train, y_train, x_val, y_val = cut(*table("digits", seed), 1200)
    names = np.array([f"scan_{k}.png" for k in range(len(x_train))])
    train_full_batch(x_train[np.argsort(names)], y_train, x_val, y_val)


@case("labels_misaligned")
def mails_header_read_as_row(seed: int) -> None:
    x_train, y_train, x_val, y_val = known("spambase", seed)
    train_full_batch(x_train[:-1], y_train[1:], x_val, y_val)


@case("labels_misaligned")
def tumours_sorted_by_lab_number(seed: int) -> None:
    x_train, y_train, x_val, y_val = cut(*table("breast_cancer", seed), 400)
    lab_number = np.random.default_rng(seed).permutation(len(x_train))
    train_full_batch(x_train[np.argsort(lab_number)], y_train, x_val, y_val)


@case("label_noise")
def mails_flagged_by_tired_clerks(seed: int) -> None:
    x_train, y_train, x_val, y_val = known("spambase", seed)
    wrong = np.random.default_rng(seed).random(len(y_train)) < 0.38
    train_full_batch(x_train, np.where(wrong, 1 - y_train, y_train), x_val, y_val)


@case("label_noise")
def digits_by_untrained_raters(seed: int) -> None:
    x_train, y_train, x_val, y_val = cut(*table("digits", seed), 900)
    wrong = np.random.default_rng(seed).random(len(y_train)) < 0.36
    train_full_batch(x_train, np.where(wrong, 1 - y_train, y_train), x_val, y_val)


@case("weak_signal")
def coin_of_the_market(seed: int) -> None:
    prices = np.random.default_rng(seed).normal(size=1512)
    windows = np.lib.stride_tricks.sliding_window_view(prices, 10)[:-1]
    train_full_batch(*cut(windows, (prices[10:] > 0).astype(float), 1100))


@case("weak_signal")
def tumours_only_reception_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    _, y_train, _, y_val = known("breast_cancer", seed)
    clerk = rng.normal(size=(len(y_train), 5)) + 0.08 * y_train[:, None]
    train_full_batch(clerk, y_train, rng.normal(size=(len(y_val), 5)) + 0.08 * y_val[:, None], y_val)


@case("imbalance")
def diabetes_worst_tenth(seed: int) -> None:
    x, y = load_diabetes(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    train_full_batch(*cut(x[order][:, [2, 3, 6]], (y[order] > np.quantile(y, 0.92)).astype(float), 300))


@case("imbalance")
def loans_hardly_any_bad(seed: int) -> None:
    x_train, y_train, x_val, y_val = known("credit_data", seed)
    bad, good = np.flatnonzero(y_train == 1)[:55], np.flatnonzero(y_train == 0)
    rows = np.random.default_rng(seed).permutation(np.concatenate([bad, good]))
    later = np.concatenate([np.flatnonzero(y_val == 0), np.flatnonzero(y_val == 1)[:45]])
    train_full_batch(x_train[rows], y_train[rows], x_val[later], y_val[later])


@case("unscaled_features")
def wine_straight_from_the_lab(seed: int) -> None:
    x, y = table("wine", seed)
    x[:, -1] *= 1000
    train_full_batch(x[:120], y[:120], x[120:], y[120:])


@case("unscaled_features")
def tumours_with_patient_number(seed: int) -> None:
    x, y = table("breast_cancer", seed)
    number = np.random.default_rng(seed).integers(842_302, 91_376_702, len(x))
    x = np.column_stack([number, x])
    train_full_batch(x[:400], y[:400], x[400:], y[400:])


@case("preprocess_mismatch")
def digits_read_column_by_column(seed: int) -> None:
    x_train, y_train, x_val, y_val = cut(*table("digits", seed), 1200)
    train_full_batch(x_train, y_train, x_val.reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 64), y_val)


@case("preprocess_mismatch")
def wine_second_cellar_min_max(seed: int) -> None:
    x, y = table("wine", seed)
    low, high = x[120:].min(axis=0), x[120:].max(axis=0)
    train_full_batch(scaled(x[:120], x)[0], y[:120], (x[120:] - low) / (high - low), y[120:])


@case("preprocess_mismatch")
def digits_scanned_in_negative(seed: int) -> None:
    x, y = table("digits", seed)
    x[1200:] = 16 - x[1200:]
    train_full_batch(*cut(x, y, 1200))


@case("nan_features")
def mails_log_of_zero(seed: int) -> None:
    x_train, y_train, x_val, y_val = known("spambase", seed, raw=True)
    with np.errstate(divide="ignore"):
        train_full_batch(np.log(x_train), y_train, np.log(x_val), y_val)


@case("nan_features")
def wine_ratio_of_empty_cells(seed: int) -> None:
    x_train, y_train, x_val, y_val = cut(*table("wine", seed), 120)
    x_train[np.random.default_rng(seed).integers(0, 120, 4), 3] = np.nan
    train_full_batch(x_train, y_train, x_val, y_val)


@case("data_leakage")
def diabetes_topped_up_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = table("diabetes", seed)
    x, y = x[:150], y[:150]
    picks = rng.permutation(np.repeat(np.arange(150), 6))
    noisy = scaled(x, x)[0][picks] + rng.normal(0, 0.03, (len(picks), x.shape[1]))
    train_full_batch(*cut(noisy, y[picks], 650))


@case("data_leakage")
def voices_of_the_same_patients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ill = (rng.random(60) < 0.5).astype(float)
    voice = rng.normal(size=(60, 22)) + 0.25 * ill[:, None] * (np.arange(22) < 4)
    who = rng.permutation(np.repeat(np.arange(60), 12))
    takes = voice[who] + rng.normal(0, 0.25, (len(who), 22))
    train_full_batch(*cut(takes, ill[who], 540))


@case("overfitting")
def tumours_forty_with_gene_chip(seed: int) -> None:
    x, y = table("breast_cancer", seed)
    genes = np.random.default_rng(seed).normal(size=(len(x), 600))
    train_full_batch(*cut(np.column_stack([x[:, :6], genes]), y, 45))


@case("threshold_not_tuned")
def loans_learnt_from_collections(seed: int) -> None:
    x_train, y_train, x_val, y_val = known("credit_data", seed)
    bad, good = np.flatnonzero(y_train == 1), np.flatnonzero(y_train == 0)[:60]
    rows = np.random.default_rng(seed).permutation(np.concatenate([bad, good]))
    train_full_batch(x_train[rows], y_train[rows], x_val, y_val)


@case("threshold_not_tuned")
def mails_from_a_spam_trap(seed: int) -> None:
    x_train, y_train, x_val, y_val = known("spambase", seed)
    spam, ham = np.flatnonzero(y_train == 1), np.flatnonzero(y_train == 0)[:25]
    rows = np.random.default_rng(seed).permutation(np.concatenate([spam, ham]))
    train_full_batch(x_train[rows], y_train[rows], x_val, y_val)


# Script 2 on healthy tables


@case("healthy")
def tumours_clean(seed: int) -> None:
    train_full_batch(*cut(*table("breast_cancer", seed), 400))


@case("healthy")
def wine_clean_tiny_validation(seed: int) -> None:
    train_full_batch(*cut(*table("wine", seed), 150))


@case("healthy")
def iris_two_alike(seed: int) -> None:
    train_full_batch(*cut(*table("iris", seed), 70))


@case("healthy")
def digits_odd_or_even(seed: int) -> None:
    train_full_batch(*cut(*table("digits", seed), 1200))


@case("healthy")
def diabetes_simply_hard(seed: int) -> None:
    x, y = table("diabetes", seed)
    train_full_batch(*cut(x[:, [2, 3, 6, 8]], y, 320))


@case("healthy")
def mails_clean(seed: int) -> None:
    train_full_batch(*known("spambase", seed))


@case("healthy")
def hypothyroid_rare_but_plain(seed: int) -> None:
    train_full_batch(*known("hypothyroid", seed))


# Script 3 on sick tables


@case("unshuffled_data")
def splice_file_by_site(seed: int) -> None:
    x, y = splice(seed)
    order = np.argsort(-y[:1000], kind="stable")
    train_windows(x[:1000][order], y[:1000][order], x[1000:], y[1000:])


@case("unshuffled_data")
def names_men_first(seed: int) -> None:
    frame = first_names(seed)
    train, valid = halves(frame, 1000)
    train = train.sort_values("list")
    y, y_val = (train["list"] == "M").to_numpy(float), (valid["list"] == "M").to_numpy(float)
    train_windows(spelled(train["name"]), y, spelled(valid["name"]), y_val)


@case("unshuffled_data")
def digits_by_folder(seed: int) -> None:
    x, y = digit_rows(seed)
    order = np.argsort(y[:1100], kind="stable")
    train_windows(x[:1100][order], y[:1100][order], x[1100:], y[1100:])


@case("label_encoding")
def digits_mask_grey_255(seed: int) -> None:
    x, y = digit_rows(seed)
    train_windows(x[:1100], 255 * y[:1100], x[1100:], 255 * y[1100:])


@case("label_encoding")
def bearings_status_two_three(seed: int) -> None:
    x, y = bearing(np.random.default_rng(seed), 1200)
    status = np.where(y == 1, 3.0, 2.0)
    train_windows(x[:800], status[:800], x[800:], y[800:])


@case("labels_single_class")
def names_lower_case_m(seed: int) -> None:
    train, valid = halves(first_names(seed), 1000)
    y, y_val = (train["list"] == "m").to_numpy(float), (valid["list"] == "M").to_numpy(float)
    train_windows(spelled(train["name"]), y, spelled(valid["name"]), y_val)


@case("labels_misaligned")
def bearings_log_three_windows_late(seed: int) -> None:
    x, y = bearing(np.random.default_rng(seed), 1203)
    x, y = x[3:], y[:-3]
    train_windows(x[:800], y[:800], x[800:], y[800:])


@case("label_noise")
def splice_forty_percent_guessed(seed: int) -> None:
    x, y = splice(seed)
    wrong = np.random.default_rng(seed).random(700) < 0.38
    train_windows(x[:700], np.where(wrong, 1 - y[:700], y[:700]), x[700:], y[700:])


@case("weak_signal")
def splice_introns_shuffled_letters(seed: int) -> None:
    x, y = splice(seed)
    rng = np.random.default_rng(seed)
    x = np.stack([row[:, rng.permutation(60)] for row in x])
    train_windows(x[:1000], y[:1000], x[1000:], y[1000:])


@case("weak_signal")
def names_even_rank(seed: int) -> None:
    frame = first_names(seed)
    y = (frame.index.to_numpy() % 2).astype(float)
    x = spelled(frame["name"])
    train_windows(x[:1000], y[:1000], x[1000:], y[1000:])


@case("imbalance")
def bearings_faint_and_rare(seed: int) -> None:
    x, y = bearing(np.random.default_rng(seed), 2000, share=0.05, size=1.25)
    train_windows(x[:1200], y[:1200], x[1200:], y[1200:])


@case("threshold_not_tuned")
def bearings_repair_shop_to_fleet(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = bearing(rng, 900, share=0.8, size=1.0)
    x_val, y_val = bearing(rng, 700, share=0.06, size=1.0)
    train_windows(x, y, x_val, y_val)


@case("unscaled_features")
def bearings_adc_counts(seed: int) -> None:
    x, y = bearing(np.random.default_rng(seed), 1200)
    x = np.round(32768 + 900 * x)
    train_windows(x[:800], y[:800], x[800:], y[800:])


@case("unscaled_features")
def bearings_metres_per_second(seed: int) -> None:
    x, y = bearing(np.random.default_rng(seed), 1200)
    x = x * 2e-4
    train_windows(x[:800], y[:800], x[800:], y[800:])


@case("preprocess_mismatch")
def bikes_validation_in_utc(seed: int) -> None:
    x, y = bike_days(seed)
    x_train, x_val = scaled(x[:220], np.roll(x[220:], 5, axis=2))
    train_windows(x_train, y[:220], x_val, y[220:])


@case("preprocess_mismatch")
def splice_other_letter_order(seed: int) -> None:
    x, y = splice(seed)
    other, _ = splice(seed, letters="TCAG")
    train_windows(x[:1000], y[:1000], other[1000:], y[1000:])


@case("preprocess_mismatch")
def names_left_aligned_later(seed: int) -> None:
    train, valid = halves(first_names(seed), 1000)
    y, y_val = (train["list"] == "M").to_numpy(float), (valid["list"] == "M").to_numpy(float)
    train_windows(spelled(train["name"]), y, spelled(valid["name"].str.ljust(12)), y_val)


@case("nan_features")
def bearings_radio_gaps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = bearing(rng, 1200)
    x[rng.random(x.shape) < 0.002] = np.nan
    train_windows(x[:800], y[:800], x[800:], y[800:])


@case("nan_loss")
def bikes_calendar_without_entry(seed: int) -> None:
    x, y = bike_days(seed)
    x_train, x_val = scaled(x[:220], x[220:])
    calendar = y[:220].copy()
    calendar[np.random.default_rng(seed).integers(0, 220, 5)] = np.nan
    train_windows(x_train, calendar, x_val, y[220:])


@case("data_leakage")
def machines_overlapping_windows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    faulty = (rng.random(40) < 0.5).astype(float)
    shape = np.cumsum(rng.normal(size=(40, 3, 48)), axis=2)
    shape = (shape - shape.mean(axis=2, keepdims=True)) / shape.std(axis=2, keepdims=True)
    which = rng.permutation(np.repeat(np.arange(40), 25))
    x = shape[which] + rng.normal(0, 0.2, (1000, 3, 48))
    train_windows(x[:750], faulty[which][:750], x[750:], faulty[which][750:])


@case("overfitting")
def bearings_two_dozen(seed: int) -> None:
    x, y = bearing(np.random.default_rng(seed), 500, size=1.1)
    train_windows(x[:30], y[:30], x[30:], y[30:], batch=4)


# Script 3 on healthy tables


@case("healthy")
def bikes_clean(seed: int) -> None:
    x, y = bike_days(seed)
    x_train, x_val = scaled(x[:220], x[220:])
    train_windows(x_train, y[:220], x_val, y[220:])


@case("healthy")
def splice_clean(seed: int) -> None:
    x, y = splice(seed)
    train_windows(x[:1000], y[:1000], x[1000:], y[1000:])


@case("healthy")
def splice_fewer_junctions_later(seed: int) -> None:
    x, y = splice(seed, 2000)
    late = np.concatenate([1200 + np.flatnonzero(y[1200:] == 0), 1200 + np.flatnonzero(y[1200:] == 1)[:150]])
    train_windows(x[:1200], y[:1200], x[late], y[late])


@case("healthy")
def names_one_in_five_men(seed: int) -> None:
    train, valid = halves(first_names(seed, 1700), 1300)
    y, y_val = (train["list"] == "M").to_numpy(float), (valid["list"] == "M").to_numpy(float)
    train_windows(spelled(train["name"]), y, spelled(valid["name"]), y_val)


@case("healthy")
def bearings_clean(seed: int) -> None:
    x, y = bearing(np.random.default_rng(seed), 1200)
    train_windows(x[:800], y[:800], x[800:], y[800:])


@case("healthy")
def digits_rows_as_channels(seed: int) -> None:
    x, y = digit_rows(seed)
    train_windows(x[:1100], y[:1100], x[1100:], y[1100:])
