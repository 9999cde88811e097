"""Three training scripts, each used unchanged on many tables: what is wrong, if anything, is in the table."""

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from numpy.typing import ArrayLike
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

FOLDER = f"{__file__.rpartition('/')[0]}/data"

Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

# ---------------------------------------------------------------- the three scripts


def with_loader(x_train: ArrayLike, y_train: ArrayLike, x_val: ArrayLike, y_val: ArrayLike) -> None:
    train_set = TensorDataset(
        torch.as_tensor(x_train, dtype=torch.float32), torch.as_tensor(y_train, dtype=torch.float32)
    )
    val_set = TensorDataset(torch.as_tensor(x_val, dtype=torch.float32), torch.as_tensor(y_val, dtype=torch.float32))
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=128)
    model = nn.Sequential(
        nn.Linear(train_set.tensors[0].shape[1], 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 16), nn.ReLU(),
        nn.Linear(16, 1),
    )  # fmt: skip
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    for _ in range(25):
        model.train()
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    right, found, positives = 0, 0, 0
    with torch.no_grad():
        for xb, yb in val_loader:
            predicted = (torch.sigmoid(model(xb)).squeeze(1) > 0.5).float()
            right += (predicted == yb).sum().item()
            found += (predicted[yb == 1] == 1).sum().item()
            positives += (yb == 1).sum().item()
    print(f"accuracy {right / len(val_set):.3f}, recall {found / max(positives, 1):.3f}")


class TwoClasses(nn.Module):
    def __init__(self, columns: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(columns, 16)
        self.out = nn.Linear(16, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.tanh(self.hidden(x)))


def full_batch(x_train: ArrayLike, y_train: ArrayLike, x_val: ArrayLike, y_val: ArrayLike) -> None:
    x, y = torch.as_tensor(x_train, dtype=torch.float32), torch.as_tensor(y_train, dtype=torch.int64)
    x_test, y_test = torch.as_tensor(x_val, dtype=torch.float32), torch.as_tensor(y_val, dtype=torch.int64)
    net = TwoClasses(x.shape[1])
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=1e-3)
    net.train()
    for _ in range(300):
        loss = loss_fn(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        guess = net(x_test).argmax(dim=1)
    recalls = [(guess[y_test == k] == k).float().mean().item() for k in (0, 1) if (y_test == k).any()]
    print(f"accuracy {(guess == y_test).float().mean().item():.3f}, mean recall {sum(recalls) / len(recalls):.3f}")


def train_one_epoch(net: nn.Module, opt: torch.optim.Optimizer, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
    net.train()
    for start in range(0, len(x), batch_size):
        xb = torch.as_tensor(x[start : start + batch_size], dtype=torch.float32)
        yb = torch.as_tensor(y[start : start + batch_size], dtype=torch.float32).view(-1, 1)
        loss = F.binary_cross_entropy_with_logits(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()


@torch.no_grad()
def evaluate(net: nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    net.eval()
    scores = net(torch.as_tensor(x, dtype=torch.float32)).ravel().numpy()
    return roc_auc_score(y, np.nan_to_num(scores))


def in_slices(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> None:
    net = nn.Sequential(nn.Linear(x_train.shape[1], 24), nn.Tanh(), nn.Linear(24, 12), nn.Tanh(), nn.Linear(12, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=3e-3)
    auc = 0.5
    for _ in range(15):
        train_one_epoch(net, opt, x_train, y_train, batch_size=20)
        auc = evaluate(net, x_val, y_val)
    print(f"AUC {auc:.3f}")


# ---------------------------------------------------------------- the tables


def split(x: ArrayLike, y: ArrayLike, seed: int, held_out: float = 0.3) -> Parts:
    """Split at random, standardise by the training part."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float32)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=held_out, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(x_train)
    return scaler.transform(x_train).astype(np.float32), y_train, scaler.transform(x_val).astype(np.float32), y_val


def arrays(name: str, seed: int, raw: bool = False) -> Parts:
    x_train, y_train, x_val, y_val = (part.numpy() for part in data(name, seed, raw))
    return x_train, y_train, x_val, y_val


def adult(seed: int, rows: int = 1400) -> tuple[pd.DataFrame, np.ndarray]:
    people = pd.read_csv(f"{FOLDER}/adult_10k/adult_10k.csv.gz").sample(rows, random_state=seed)
    people = people.drop(columns=["education", "native-country", "race", "gender"]).reset_index(drop=True)
    people[["capital-gain", "capital-loss"]] = np.log1p(people[["capital-gain", "capital-loss"]])
    return pd.get_dummies(people.drop(columns="income_gt_50k"), dtype=float), people["income_gt_50k"].to_numpy()


def masses() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(f"{FOLDER}/mammographic/mammographic.csv")
    table["birads"] = table["birads"].clip(2, 6)
    return table.drop(columns="malignant"), table["malignant"].to_numpy()


def mushrooms(seed: int, rows: int = 1300) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(f"{FOLDER}/mushroom/mushroom.csv.gz").sample(rows, random_state=seed).reset_index(drop=True)
    easy = ["odor", "spore-print-color", "gill-color", "ring-type"]
    return table.drop(columns=["class", *easy]), (table["class"] == "p").to_numpy()


def payments(seed: int, users: int = 80) -> pd.DataFrame:
    table = pd.read_csv(f"{FOLDER}/payments_sim/payments_sim.csv.gz")
    chosen = np.random.default_rng(seed).permutation(400)[:users]
    table = table[table["user"].isin(chosen)].sort_values(["user", "nr"])
    table["log_amount"] = np.log(table["amount"])
    past = table.groupby("user")["log_amount"].transform(lambda column: column.shift().expanding().mean())
    table["above_usual"] = table["log_amount"] - past
    return table.drop(columns=["amount", "nr"]).reset_index(drop=True)


def junctions(seed: int | None, rows: int = 1200, around: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """One-hot letters around the middle; without a seed the file's own order, sorted by site."""
    table = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz")
    table = table.iloc[::3] if seed is None else table.sample(rows, random_state=seed)
    letters = np.array([list(sequence[30 - around : 30 + around]) for sequence in table["sequence"]])
    return np.concatenate([letters == base for base in "ACGT"], axis=1), table["is_junction"].to_numpy()


def names(seed: int, rows: int = 1400) -> tuple[np.ndarray, np.ndarray]:
    """Last three letters of names that are in one list only; 1 = men's; in the file's order, the men first."""
    table = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    table = table.drop_duplicates("name", keep=False).sample(rows, random_state=seed).sort_index()
    endings = table["name"].str.rjust(3).str[-3:]
    letters = np.array([list(ending) for ending in endings])
    one_hot = np.concatenate([letters == letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"], axis=1)
    return one_hot, (table["list"] == "M").to_numpy()


def bike_days() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(f"{FOLDER}/bike_days/bike_days_2011.csv")
    return table.drop(columns=["day_of_2011", "working_day"]), table["working_day"].to_numpy()


def odd_digits(seed: int, rows: int = 1200) -> tuple[np.ndarray, np.ndarray]:
    x, y = load_digits(return_X_y=True)
    chosen = np.random.default_rng(seed).permutation(len(y))[:rows]
    return x[chosen], y[chosen] % 2


def thin_out(y: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Indices of all negatives and of as many positives as make up this share."""
    negatives, positives = np.flatnonzero(y == 0), np.flatnonzero(y == 1)
    wanted = round(len(negatives) * share / (1 - share))
    return rng.permutation(np.concatenate([negatives, rng.permutation(positives)[:wanted]]))


# ---------------------------------------------------------------- DataLoader, MLP, accuracy at 0.5


@case("healthy")
def six_a_adult(seed: int) -> None:
    with_loader(*split(*adult(seed), seed))


@case("healthy")
def six_a_mushrooms_one_hot(seed: int) -> None:
    x, y = mushrooms(seed)
    with_loader(*split(pd.get_dummies(x, dtype=float), y, seed))


@case("healthy")
def six_a_masses_with_constant_columns(seed: int) -> None:
    x, y = masses()
    with_loader(*split(x.assign(device=3, year=2006, screening=0), y, seed))


@case("healthy")
def six_a_spam_four_percent_wrong(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("spambase", seed)
    wrong = np.random.default_rng(seed).random(len(y_train)) < 0.04
    with_loader(x_train, np.where(wrong, 1 - y_train, y_train), x_val, y_val)


@case("healthy")
def six_a_rare_eights(seed: int) -> None:
    with_loader(*arrays("digit_8", seed))


@case("healthy")
def six_a_odd_digits_fewer_in_validation(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*odd_digits(seed), seed)
    kept = thin_out(y_val, 0.3, np.random.default_rng(seed))
    with_loader(x_train, y_train, x_val[kept], y_val[kept])


@case("label_encoding")
def six_a_benign_1_malignant_2(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*masses(), seed)
    with_loader(x_train, y_train + 1, x_val, y_val + 1)


@case("label_encoding")
def six_a_odd_plus_minus_one(seed: int) -> None:
    x, odd = odd_digits(seed)
    with_loader(*split(x, np.where(odd == 1, 1, -1), seed))


@case("label_encoding")
def six_a_yes_no_as_letter_codes(seed: int) -> None:
    x, rich = adult(seed)
    answers = pd.Series(np.where(rich == 1, "Y", "N"))
    with_loader(*split(x, answers.map(ord) - ord("A"), seed))


@case("labels_single_class")
def six_a_leavers_deleted_before_export(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("mlc_churn", seed)
    stayed = y_train == 0
    with_loader(x_train[stayed], y_train[stayed], x_val, y_val)


@case("labels_misaligned")
def six_a_people_sorted_by_age(seed: int) -> None:
    x, rich = adult(seed)
    x = x.sort_values(["age", "hours-per-week"]).reset_index(drop=True)
    with_loader(*split(x, rich, seed))


@case("label_noise")
def six_a_spam_mostly_guessed(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("spambase", seed)
    rng = np.random.default_rng(seed)
    guessed = rng.random(len(y_train)) < 0.8
    y_train = np.where(guessed, rng.integers(0, 2, len(y_train)), y_train)
    with_loader(x_train, y_train, x_val, y_val)


@case("weak_signal")
def six_a_junctions_from_far_letters(seed: int) -> None:
    table = pd.read_csv(f"{FOLDER}/splice/splice.csv.gz").sample(1200, random_state=seed)
    letters = np.array([list(sequence[:4]) for sequence in table["sequence"]])
    x = np.concatenate([letters == base for base in "ACG"], axis=1)
    with_loader(*split(x, table["is_junction"], seed))


@case("imbalance")
def six_a_frauds_at_half(seed: int) -> None:
    table = payments(seed, 50).fillna(0)
    with_loader(*split(table[["hour", "foreign", "online", "log_amount"]], table["fraud"], seed))


@case("imbalance")
def six_a_one_bad_loan_in_twenty(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("credit_data", seed)
    rng = np.random.default_rng(seed)
    train, val = thin_out(y_train, 0.05, rng), thin_out(y_val, 0.05, rng)
    with_loader(x_train[train], y_train[train], x_val[val], y_val[val])


@case("threshold_not_tuned")
def six_a_frauds_balanced_for_training_only(seed: int) -> None:
    table = payments(seed, 300).fillna(0)
    columns = ["hour", "foreign", "online", "log_amount", "above_usual"]
    x_train, y_train, x_val, y_val = split(table[columns], table["fraud"], seed)
    frauds = np.flatnonzero(y_train == 1)
    rng = np.random.default_rng(seed)
    kept = rng.permutation(np.concatenate([frauds, rng.permutation(np.flatnonzero(y_train == 0))[: len(frauds)]]))
    with_loader(x_train[kept], y_train[kept], x_val, y_val)


@case("unscaled_features")
def six_a_adult_with_interview_timestamp(seed: int) -> None:
    x, rich = adult(seed)
    x["interviewed_at"] = 764_000_000 + np.random.default_rng(seed).integers(0, 30_000_000, len(x))
    x_train, x_val, y_train, y_val = train_test_split(x.to_numpy(), rich, test_size=0.3, random_state=seed)
    with_loader(x_train, y_train, x_val, y_val)


@case("preprocess_mismatch")
def six_a_cells_columns_in_other_order(seed: int) -> None:
    table = load_breast_cancer(as_frame=True)
    x_train, x_val, y_train, y_val = train_test_split(
        table.data, table.target, test_size=0.3, random_state=seed, stratify=table.target
    )
    scaler = StandardScaler()
    x_train = scaler.fit_transform(x_train)
    x_val = pd.DataFrame(scaler.transform(x_val), columns=table.feature_names).sort_index(axis=1)
    with_loader(x_train, y_train.to_numpy(), x_val.to_numpy(), y_val.to_numpy())


@case("preprocess_mismatch")
def six_a_mushrooms_factorised_twice(seed: int) -> None:
    x, y = mushrooms(seed)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    x_train, x_val = (part.apply(lambda column: pd.factorize(column)[0]) for part in (x_train, x_val))
    scaler = StandardScaler().fit(x_train)
    with_loader(scaler.transform(x_train), y_train, scaler.transform(x_val), y_val)


@case("nan_features")
def six_a_wages_left_joined(seed: int) -> None:
    x, rich = adult(seed)
    rng = np.random.default_rng(seed)
    wages = pd.DataFrame({"person": rng.permutation(len(x))[:1250], "wage_index": rng.normal(100, 15, 1250)})
    x = x.assign(person=np.arange(len(x))).merge(wages, on="person", how="left").drop(columns="person")
    with_loader(*split(x, rich, seed))


@case("data_leakage")
def six_a_one_row_per_visit(seed: int) -> None:
    x, progress = load_diabetes(return_X_y=True)
    rng = np.random.default_rng(seed)
    patients = rng.permutation(len(x))[:220]
    visits = rng.integers(4, 9, len(patients))
    x, worse = np.repeat(x[patients], visits, axis=0), np.repeat(progress[patients] > np.median(progress), visits)
    with_loader(*split(x, worse, seed))


@case("overfitting")
def six_a_survey_of_900_questions(seed: int) -> None:
    x, rich = adult(seed, 560)
    answers = np.random.default_rng(seed).integers(1, 6, (len(x), 900))
    with_loader(*split(np.hstack([x.to_numpy(), answers]), rich, seed))


# ---------------------------------------------------------------- full batch, two outputs, argmax


@case("healthy")
def six_b_cells(seed: int) -> None:
    full_batch(*split(*load_breast_cancer(return_X_y=True), seed))


@case("healthy")
def six_b_bike_days(seed: int) -> None:
    full_batch(*split(*bike_days(), seed))


@case("healthy")
def six_b_wine_tiny_validation(seed: int) -> None:
    x, cultivar = load_wine(return_X_y=True)
    full_batch(*split(x, cultivar == 1, seed, held_out=0.1))


@case("healthy")
def six_b_iris_two_kinds(seed: int) -> None:
    x, kind = load_iris(return_X_y=True)
    full_batch(*split(x[kind > 0], kind[kind > 0] == 2, seed))


@case("healthy")
def six_b_junctions(seed: int) -> None:
    full_batch(*split(*junctions(seed, 1600), seed))


@case("healthy")
def six_b_masses_more_malignant_later(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*masses(), seed)
    kept = 1 - thin_out(1 - y_val, 0.35, np.random.default_rng(seed)) + len(y_val) - 1
    full_batch(x_train, y_train, x_val[len(y_val) - kept], y_val[len(y_val) - kept])


@case("labels_single_class")
def six_b_m_with_a_blank(seed: int) -> None:
    table = load_breast_cancer()
    x_train, y_train, x_val, y_val = split(table.data, 1 - table.target, seed)
    written = pd.Series(np.where(y_train == 1, "M ", "B "))
    full_batch(x_train, (written == "M").to_numpy(), x_val, y_val)


@case("labels_misaligned")
def six_b_odd_one_row_further(seed: int) -> None:
    x, odd = odd_digits(seed)
    full_batch(*split(x, np.roll(odd, 1), seed))


@case("labels_misaligned")
def six_b_features_and_labels_split_apart(seed: int) -> None:
    x, y = mushrooms(seed)
    one_hot = pd.get_dummies(x, dtype=float).to_numpy()
    x_train, x_val = train_test_split(one_hot, test_size=0.3, random_state=seed)
    y_train, y_val = train_test_split(y, test_size=0.3, random_state=seed + 1)
    scaler = StandardScaler().fit(x_train)
    full_batch(scaler.transform(x_train), y_train, scaler.transform(x_val), y_val)


@case("label_noise")
def six_b_tired_pathologist(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*load_breast_cancer(return_X_y=True), seed)
    wrong = np.random.default_rng(seed).random(len(y_train)) < 0.4
    full_batch(x_train, np.where(wrong, 1 - y_train, y_train), x_val, y_val)


@case("label_noise")
def six_b_second_lab_codes_backwards(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*junctions(seed, 1600), seed)
    second_lab = np.arange(len(y_train)) < 0.42 * len(y_train)
    full_batch(x_train, np.where(second_lab, 1 - y_train, y_train), x_val, y_val)


@case("weak_signal")
def six_b_bike_daily_total_only(seed: int) -> None:
    hours, working = bike_days()
    total = hours.sum(axis=1)
    full_batch(*split(pd.DataFrame({"total": total, "mean_before": total.shift().bfill()}), working, seed))


@case("imbalance")
def six_b_frauds_without_history(seed: int) -> None:
    table = payments(seed, 120)
    full_batch(*split(table[["log_amount", "foreign", "online", "hour"]], table["fraud"], seed))


@case("threshold_not_tuned")
def six_b_rich_copied_for_training(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*adult(seed, 4000), seed)
    copies = np.where(y_train == 1, 15, 1)
    full_batch(np.repeat(x_train, copies, axis=0), np.repeat(y_train, copies), x_val, y_val)


@case("threshold_not_tuned")
def six_b_clinic_masses_then_screening(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*masses(), seed, held_out=0.5)
    kept = thin_out(y_val, 0.05, np.random.default_rng(seed))
    full_batch(x_train, y_train, x_val[kept], y_val[kept])


@case("unscaled_features")
def six_b_cells_as_measured(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    full_batch(x_train, y_train, x_val, y_val)


@case("unscaled_features")
def six_b_wine_in_other_units(seed: int) -> None:
    x, cultivar = load_wine(return_X_y=True)
    x = np.column_stack([x * 1000, 1900 + np.random.default_rng(seed).integers(60, 90, len(x))])
    x_train, x_val, y_train, y_val = train_test_split(x, cultivar == 1, test_size=0.3, random_state=seed)
    full_batch(x_train, y_train, x_val, y_val)


@case("preprocess_mismatch")
def six_b_other_units_at_the_second_clinic(seed: int) -> None:
    table = load_breast_cancer(as_frame=True)
    x_train, x_val, y_train, y_val = train_test_split(
        table.data, table.target, test_size=0.3, random_state=seed, stratify=table.target
    )
    scaler = StandardScaler().fit(x_train)
    lengths = ["mean radius", "mean perimeter", "worst radius", "worst perimeter"]
    x_val = x_val.copy()
    x_val[lengths] *= 10
    full_batch(scaler.transform(x_train), y_train.to_numpy(), scaler.transform(x_val), y_val.to_numpy())


@case("nan_features")
def six_b_first_payment_has_no_past(seed: int) -> None:
    table = payments(seed, 60)
    full_batch(*split(table[["hour", "foreign", "online", "log_amount", "above_usual"]], table["fraud"], seed))


@case("data_leakage")
def six_b_validation_not_taken_out(seed: int) -> None:
    x, progress = load_diabetes(return_X_y=True)
    table = pd.DataFrame(x).assign(worse=progress > np.median(progress))
    held_out = table.sample(frac=0.25, random_state=seed)
    scaler = StandardScaler().fit(table.drop(columns="worse"))
    full_batch(
        scaler.transform(table.drop(columns="worse")), table["worse"].to_numpy(),
        scaler.transform(held_out.drop(columns="worse")), held_out["worse"].to_numpy(),
    )  # fmt: skip


@case("data_leakage")
def six_b_interpolated_rich_before_the_split(seed: int) -> None:
    x, rich = adult(seed, 900)
    x, rng = x.to_numpy(), np.random.default_rng(seed)
    few = np.flatnonzero(rich == 1)
    pick = rng.choice(few, 500)
    made = x[pick] + 0.1 * rng.random((500, 1)) * (x[rng.choice(few, 500)] - x[pick])
    full_batch(*split(np.vstack([x, made]), np.concatenate([rich, np.ones(500)]), seed))


@case("overfitting")
def six_b_forty_people_answered(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*adult(seed), seed)
    full_batch(x_train[:40], y_train[:40], x_val, y_val)


@case("overfitting")
def six_b_diabetes_with_400_gene_columns(seed: int) -> None:
    x, progress = load_diabetes(return_X_y=True)
    genes = np.random.default_rng(seed).normal(size=(len(x), 400))
    full_batch(*split(np.hstack([x, genes]), progress > np.median(progress), seed))


# ---------------------------------------------------------------- slices in the table's order, SGD, AUC


@case("healthy")
def six_c_junctions(seed: int) -> None:
    in_slices(*split(*junctions(seed), seed))


@case("healthy")
def six_c_credit(seed: int) -> None:
    in_slices(*arrays("credit_data", seed))


@case("healthy")
def six_c_names(seed: int) -> None:
    in_slices(*split(*names(seed), seed))


@case("healthy")
def six_c_frauds_by_rank(seed: int) -> None:
    table = payments(seed, 60).fillna(0)
    in_slices(*split(table[["hour", "foreign", "online", "log_amount", "above_usual"]], table["fraud"], seed))


@case("healthy")
def six_c_masses_tiny_validation(seed: int) -> None:
    in_slices(*split(*masses(), seed, held_out=0.06))


@case("healthy")
def six_c_adult(seed: int) -> None:
    in_slices(*split(*adult(seed, 1600), seed))


@case("unshuffled_data")
def six_c_ham_first_then_spam(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("spambase", seed)
    order = np.argsort(y_train, kind="stable")
    in_slices(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def six_c_mens_names_first(seed: int) -> None:
    x, men = names(seed)
    held_out = np.arange(len(x)) % 4 == 0
    in_slices(x[~held_out].astype(float), men[~held_out], x[held_out].astype(float), men[held_out])


@case("unshuffled_data")
def six_c_sorted_by_income(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*adult(seed), seed)
    order = np.argsort(-y_train, kind="stable")
    in_slices(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def six_c_masses_sorted_by_finding_and_age(seed: int) -> None:
    x_train, y_train, x_val, y_val = split(*masses(), seed)
    order = np.lexsort([x_train[:, 1], y_train])
    in_slices(x_train[order], y_train[order], x_val, y_val)


@case("unshuffled_data")
def six_c_bad_loans_appended(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("credit_data", seed)
    good, bad = y_train == 0, y_train == 1
    x_train, y_train = np.concatenate([x_train[good], x_train[bad]]), np.concatenate([y_train[good], y_train[bad]])
    in_slices(x_train, y_train, x_val, y_val)


@case("labels_single_class")
def six_c_first_rows_of_a_sorted_file(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("credit_data", seed)
    first = np.argsort(y_train, kind="stable")[:600]
    in_slices(x_train[first], y_train[first], x_val, y_val)


@case("labels_misaligned")
def six_c_labels_joined_by_position(seed: int) -> None:
    x, y = junctions(seed)
    rng = np.random.default_rng(seed)
    kept = np.sort(rng.permutation(len(x))[: len(x) - 60])
    in_slices(*split(x[kept], y[: len(kept)], seed))


@case("label_noise")
def six_c_mushrooms_by_beginners(seed: int) -> None:
    x, poisonous = mushrooms(seed)
    x_train, y_train, x_val, y_val = split(pd.get_dummies(x, dtype=float), poisonous, seed)
    wrong = np.random.default_rng(seed).random(len(y_train)) < 0.42
    in_slices(x_train, np.where(wrong, 1 - y_train, y_train), x_val, y_val)


@case("weak_signal")
def six_c_churn_from_call_counts(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("mlc_churn", seed)
    counts = [0, 3, 6, 9]
    in_slices(x_train[:, counts], y_train, x_val[:, counts], y_val)


@case("weak_signal")
def six_c_which_advert_was_shown(seed: int) -> None:
    x, _ = adult(seed, 1200)
    in_slices(*split(x[["age", "education-num", "hours-per-week"]], np.arange(len(x)) % 2, seed))


@case("unscaled_features")
def six_c_credit_as_it_is_in_the_file(seed: int) -> None:
    in_slices(*arrays("credit_data", seed, raw=True))


@case("unscaled_features")
def six_c_odd_digits_beside_a_file_size(seed: int) -> None:
    x, odd = odd_digits(seed)
    x = np.column_stack([x, np.random.default_rng(seed).integers(20_000, 90_000, len(x))])
    x_train, x_val, y_train, y_val = train_test_split(x, odd, test_size=0.3, random_state=seed)
    in_slices(x_train, y_train, x_val, y_val)


@case("preprocess_mismatch")
def six_c_cells_validation_never_scaled(seed: int) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
    in_slices(StandardScaler().fit_transform(x_train), y_train, x_val, y_val)


@case("nan_features")
def six_c_ratio_to_nothing(seed: int) -> None:
    people, rich = adult(seed)
    x_train, y_train, x_val, y_val = split(people, rich, seed)
    gain = people["capital-gain"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = people["capital-loss"].to_numpy() / gain
    ratio_train, ratio_val = train_test_split(ratio, test_size=0.3, random_state=seed, stratify=rich)
    in_slices(np.column_stack([x_train, ratio_train]), y_train, np.column_stack([x_val, ratio_val]), y_val)


@case("data_leakage")
def six_c_bad_loans_copied_before_the_split(seed: int) -> None:
    x_train, y_train, _, _ = arrays("credit_data", seed)
    x, y = x_train[:400], y_train[:400]
    copies = np.where(y == 1, 8, 3)
    in_slices(*split(np.repeat(x, copies, axis=0), np.repeat(y, copies), seed))


@case("overfitting")
def six_c_400_mails_with_2000_columns(seed: int) -> None:
    x_train, y_train, x_val, y_val = arrays("spambase", seed)
    rng = np.random.default_rng(seed)
    extra_train, extra_val = rng.normal(size=(400, 2000)), rng.normal(size=(len(x_val), 2000))
    in_slices(np.hstack([x_train[:400], extra_train]), y_train[:400], np.hstack([x_val, extra_val]), y_val)
