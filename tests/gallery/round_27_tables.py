"""Three training scripts of three persons, each run unchanged on many tables; only the tables differ."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from case import case
from imblearn.over_sampling import RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


# ------------------------------------------------------------------ the first person's script: columns of numbers


def numbers_script(x_train, y_train, x_val, y_val, seed, epochs=25):
    """Train an MLP on arrays of numbers; the caller has prepared them."""
    torch.manual_seed(seed)
    train = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train, dtype=torch.float32))
    loader = DataLoader(train, batch_size=32, shuffle=True)
    xv = torch.tensor(x_val, dtype=torch.float32)
    yv = torch.tensor(y_val, dtype=torch.float32)

    model = nn.Sequential(
        nn.Linear(xv.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    history = []
    for _ in range(epochs):
        model.train()
        running = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(xb)
        model.eval()
        with torch.no_grad():
            val_logits = model(xv).squeeze(1)
            val_loss = criterion(val_logits, yv).item()
        history.append((running / len(train), val_loss))

    probability = torch.sigmoid(val_logits).numpy()
    predicted = (probability > 0.5).astype(int)
    truth = np.asarray(y_val)
    hits = ((predicted == 1) & (truth == 1)).sum()
    result = {
        "accuracy": float((predicted == truth).mean()),
        "precision": float(hits / max((predicted == 1).sum(), 1)),
        "recall": float(hits / max((truth == 1).sum(), 1)),
        "history": history,
    }
    if len(np.unique(truth)) == 2 and np.isfinite(probability).all():
        result["auc"] = float(roc_auc_score(truth == truth.max(), probability))
    return result


# --------------------------------------------- the second person's script: columns of categories and of numbers


@dataclass
class Settings:
    width: int = 6
    hidden: int = 32
    batch: int = 32
    epochs: int = 12
    rate: float = 0.03


class EmbeddingTable(nn.Module):
    def __init__(self, sizes, numbers, settings):
        super().__init__()
        self.tables = nn.ModuleList([nn.Embedding(size + 1, min(settings.width, (size + 3) // 2)) for size in sizes])
        inputs = sum(table.embedding_dim for table in self.tables) + numbers
        self.hidden = nn.Linear(inputs, settings.hidden)
        self.out = nn.Linear(settings.hidden, 2)
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, codes, numbers):
        parts = [table(codes[:, i]) for i, table in enumerate(self.tables)]
        return self.out(torch.tanh(self.hidden(torch.cat([*parts, numbers], dim=1))))


class TableFitter:
    """Fits an EmbeddingTable on a prepared frame, its rows in the order in which they stand (shuffle them before)."""

    def __init__(self, categories, numbers, target, settings=None):
        self.categories, self.numbers, self.target = categories, numbers, target
        self.settings = settings or Settings()

    def tensors(self, frame):
        columns = [frame[name].astype(str).map(self.codes[name]).fillna(0) for name in self.categories]
        codes = np.stack(columns, axis=1).astype(np.int64) if columns else np.zeros((len(frame), 0), dtype=np.int64)
        return (
            torch.from_numpy(codes),
            torch.from_numpy(frame[self.numbers].to_numpy(dtype=np.float32)),
            torch.from_numpy(frame[self.target].to_numpy(dtype=np.int64)),
        )

    def fit(self, train, val, seed):
        torch.manual_seed(seed)
        s = self.settings
        self.codes = {
            name: {value: i + 1 for i, value in enumerate(sorted(train[name].astype(str).unique()))}
            for name in self.categories
        }
        codes, numbers, labels = self.tensors(train)
        self.model = EmbeddingTable([len(self.codes[n]) for n in self.categories], len(self.numbers), s)
        optimizer = torch.optim.SGD(self.model.parameters(), lr=s.rate, momentum=0.9, weight_decay=1e-4)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, s.epochs, eta_min=s.rate / 20)
        self.log = []
        for epoch in range(s.epochs):
            self.model.train()
            losses = []
            for start in range(0, len(labels), s.batch):
                part = slice(start, start + s.batch)
                loss = F.cross_entropy(self.model(codes[part], numbers[part]), labels[part])
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                optimizer.step()
                losses.append(loss.item())
            schedule.step()
            self.log.append({"epoch": epoch, "train_loss": float(np.mean(losses)), **self.evaluate(val)})
        return self.log

    @torch.no_grad()
    def evaluate(self, frame):
        self.model.eval()
        codes, numbers, labels = self.tensors(frame)
        logits = self.model(codes, numbers)
        chosen = logits.argmax(dim=1)
        scores = logits.softmax(dim=1)[:, 1]
        found = {"val_loss": F.cross_entropy(logits, labels).item()}
        found["accuracy"] = (chosen == labels).float().mean().item()
        found["recalls"] = [(chosen[labels == k] == k).float().mean().item() for k in (0, 1) if (labels == k).any()]
        found["balanced"] = float(np.mean(found["recalls"]))
        found["precision"] = (labels[chosen == 1] == 1).float().mean().item()
        if len(found["recalls"]) == 2 and torch.isfinite(scores).all():
            found["auc"] = float(roc_auc_score(labels.numpy(), scores.numpy()))
        return found


# --------------------------------------------------- the third person's script: sequences and images, as data sets


class Series(Dataset):
    """Sequences of shape [steps, channels] with their labels; change, if given, is applied to each that is drawn."""

    def __init__(self, x, y, change=None):
        self.x = torch.as_tensor(np.asarray(x), dtype=torch.float32)
        self.y = torch.as_tensor(np.asarray(y), dtype=torch.float32)
        self.change = change

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        x = self.x[i]
        return (x if self.change is None else self.change(x)), self.y[i]


class SeriesNet(nn.Module):
    def __init__(self, steps, channels):
        super().__init__()
        self.first = nn.Conv1d(channels, 16, 3, padding=1)
        self.second = nn.Conv1d(16, 16, 3, padding=1)
        self.pool = nn.MaxPool1d(2)
        self.head = nn.Linear(16 * (steps // 2), 1)

    def forward(self, x):
        h = F.gelu(self.first(x.transpose(1, 2)))
        h = self.pool(F.gelu(self.second(h)))
        return self.head(h.flatten(1)).squeeze(1)


def endless(loader):
    while True:
        yield from loader


def pairwise_auc(score, label):
    """Share of pairs (positive, negative) in the right order, ties counting one half."""
    above = score[label > 0.5][:, None] - score[label <= 0.5][None, :]
    return ((above > 0).float() + 0.5 * (above == 0).float()).mean().item()


def series_script(train_set, val_set, seed, steps=400, every=50):
    torch.manual_seed(seed)
    net = SeriesNet(*train_set[0][0].shape)
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=4e-3, total_steps=steps)
    batches = endless(DataLoader(train_set, batch_size=64, shuffle=True))

    def judge():
        net.eval()
        logits, labels = [], []
        with torch.inference_mode():
            for x, y in DataLoader(val_set, batch_size=256):
                logits.append(net(x))
                labels.append(y)
        z, y = torch.cat(logits), torch.cat(labels)
        said = (z > 0).float()
        return {
            "loss": F.binary_cross_entropy_with_logits(z, y).item(),
            "accuracy": (said == y).float().mean().item(),
            "recall": said[y > 0.5].mean().item(),
            "precision": (y[said > 0.5] > 0.5).float().mean().item(),
            "auc": pairwise_auc(z, y),
        }

    curve = []
    for step in range(1, steps + 1):
        net.train()
        x, y = next(batches)
        loss = F.binary_cross_entropy_with_logits(net(x), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        if step % every == 0:
            curve.append({"train": loss.item(), **judge()})
    return curve


# -------------------------------------------------------------------------------- preparing tables of numbers


def read(name):
    return pd.read_csv(f"{FOLDER}/{name}")


def parts(x, y, seed, share=0.3):
    """Random stratified split, then standardised with the training rows' mean and deviation."""
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=share, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    return scaler.transform(x_train), y_train, scaler.transform(x_val), y_val


def numeric_and_dummies(name):
    """A project table as numbers: numeric columns as they are, categories as dummies, no row twice."""
    table = load(name).distinct()
    dummies = pd.get_dummies(table.features[table.categorical], dtype=float)
    return table.features[table.numeric], dummies, table.labels


def filled(train, *others):
    """Fill gaps with the training rows' medians."""
    median = train.median()
    return [frame.fillna(median) for frame in (train, *others)]


def payments():
    """Card payments with the user's past mean, without each user's first payment."""
    table = read("payments_sim/payments_sim.csv.gz")
    table["past"] = table.groupby("user")["amount"].transform(lambda a: a.shift().expanding().mean())
    table = table.dropna().reset_index(drop=True)
    table["log_amount"] = np.log1p(table["amount"])
    table["log_past"] = np.log1p(table["past"])
    table["log_ratio"] = table["log_amount"] - table["log_past"]
    return table


# ------------------------------------------------------------------------------------- tables for the first script


@case("healthy")
def numbers_of_tumour_cells_standardised(seed):
    x, y = load_breast_cancer(return_X_y=True)
    numbers_script(*parts(x, 1 - y, seed), seed)


@case("healthy")
def numbers_of_loans_with_dummies(seed):
    numbers, dummies, y = numeric_and_dummies("credit_data")
    rows = np.arange(len(y))
    tr, va = train_test_split(rows, test_size=0.3, stratify=y, random_state=seed)
    n_tr, n_va = filled(np.log1p(numbers.iloc[tr]), np.log1p(numbers.iloc[va]))
    scaler = StandardScaler().fit(n_tr)
    x_tr = np.hstack([scaler.transform(n_tr), dummies.iloc[tr]])
    x_va = np.hstack([scaler.transform(n_va), dummies.iloc[va]])
    numbers_script(x_tr, y[tr], x_va, y[va], seed)


@case("healthy")
def numbers_of_word_shares_in_mail_sparse(seed):
    table = load("spambase").distinct()
    numbers_script(*parts(np.log1p(table.numbers), table.labels, seed), seed)


@case("healthy")
def numbers_of_thyroid_patients_rare_but_found(seed):
    table = load("hypothyroid")
    numbers = table.features[table.numeric].drop(columns="TBG").dropna(how="all").drop_duplicates()
    y = table.labels[numbers.index]
    numbers["TSH"], numbers["FTI"] = np.log1p(numbers["TSH"]), np.log1p(numbers["FTI"])
    gaps = numbers[["TSH", "T3", "FTI"]].isna().to_numpy(dtype=float)
    tr, va = train_test_split(np.arange(len(numbers)), test_size=0.3, stratify=y, random_state=seed)
    n_tr, n_va = filled(numbers.iloc[tr], numbers.iloc[va])
    scaler = StandardScaler().fit(n_tr)
    x_tr = np.hstack([scaler.transform(n_tr), gaps[tr]])
    x_va = np.hstack([scaler.transform(n_va), gaps[va]])
    numbers_script(x_tr, y[tr], x_va, y[va], seed)


@case("healthy")
def numbers_of_wines_tiny_table(seed):
    x, y = load_wine(return_X_y=True)
    numbers_script(*parts(x, (y == 1).astype(int), seed), seed)


@case("healthy")
def numbers_of_masses_ratings_without_repeats(seed):
    table = read("mammographic/mammographic.csv").query("birads < 7")
    inputs = ["birads", "age", "shape", "margin", "density"]
    table = table.drop_duplicates(inputs)
    x = pd.get_dummies(table[inputs], columns=["shape", "margin"], dtype=float)
    numbers_script(*parts(x.to_numpy(dtype=float), table["malignant"].to_numpy(), seed), seed)


@case("healthy")
def numbers_of_card_payments_split_by_user(seed):
    table = payments()
    columns = ["log_amount", "log_past", "log_ratio", "hour", "foreign", "online"]
    tr, va = next(GroupShuffleSplit(1, test_size=0.4, random_state=seed).split(table, groups=table["user"]))
    scaler = StandardScaler().fit(table.loc[tr, columns])
    x_tr, x_va = scaler.transform(table.loc[tr, columns]), scaler.transform(table.loc[va, columns])
    y = table["fraud"].to_numpy()
    numbers_script(x_tr, y[tr], x_va, y[va], seed, epochs=10)


@case("healthy")
def numbers_of_diabetes_patients_above_the_median(seed):
    x, y = load_diabetes(return_X_y=True)
    numbers_script(*parts(x, (y > np.median(y)).astype(int), seed), seed)


@case("healthy")
def numbers_of_pixels_odd_digits(seed):
    x, y = load_digits(return_X_y=True)
    x_tr, x_va, y_tr, y_va = train_test_split(x / 16.0, y % 2, test_size=0.3, random_state=seed)
    numbers_script(x_tr, y_tr, x_va, y_va, seed)


@case("unscaled_features")
def numbers_of_loans_in_plain_currency(seed):
    table = load("credit_data").distinct()
    tr, va = train_test_split(np.arange(len(table.labels)), test_size=0.3, stratify=table.labels, random_state=seed)
    n_tr, n_va = filled(table.features[table.numeric].iloc[tr], table.features[table.numeric].iloc[va])
    numbers_script(n_tr.to_numpy(), table.labels[tr], n_va.to_numpy(), table.labels[va], seed)


@case("preprocess_mismatch")
def numbers_of_mail_logged_in_one_file_only(seed):
    table = load("spambase").distinct()
    raw_tr, raw_va, y_tr, y_va = train_test_split(
        table.numbers, table.labels, test_size=0.3, stratify=table.labels, random_state=seed
    )
    scaler = StandardScaler().fit(np.log1p(raw_tr))
    numbers_script(scaler.transform(np.log1p(raw_tr)), y_tr, scaler.transform(raw_va), y_va, seed)


@case("preprocess_mismatch")
def numbers_of_tumour_cells_with_columns_in_another_order(seed):
    frame, y = load_breast_cancer(return_X_y=True, as_frame=True)
    train, val, y_tr, y_va = train_test_split(frame, 1 - y, test_size=0.3, stratify=y, random_state=seed)
    mean, std = train.mean(), train.std()
    train = (train - mean) / std
    val = ((val - mean) / std)[frame.columns[::-1]]
    numbers_script(train.to_numpy(), y_tr.to_numpy(), val.to_numpy().copy(), y_va.to_numpy(), seed)


@case("labels_misaligned")
def numbers_of_tumours_with_features_sorted_by_texture(seed):
    frame, y = load_breast_cancer(return_X_y=True, as_frame=True)
    train, val, y_tr, y_va = train_test_split(frame, 1 - y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(train)
    train = train.sort_values("mean texture")
    numbers_script(scaler.transform(train), y_tr.to_numpy(), scaler.transform(val), y_va.to_numpy(), seed)


@case("labels_misaligned")
def numbers_of_mail_with_labels_one_line_off(seed):
    table = load("spambase").distinct()
    order = np.random.default_rng(seed).permutation(len(table.labels))
    x, y = np.log1p(table.numbers[order]), table.labels[order]
    x, y = x[:-1], y[1:]
    cut = int(0.7 * len(y))
    scaler = StandardScaler().fit(x[:cut])
    numbers_script(scaler.transform(x[:cut]), y[:cut], scaler.transform(x[cut:]), y[cut:], seed)


@case("data_leakage")
def numbers_of_thyroid_patients_with_their_later_dose(seed):
    table = load("hypothyroid")
    numbers = table.features[["age", "T3", "TT4", "T4U"]].dropna(how="all").drop_duplicates()
    y = table.labels[numbers.index]
    rng = np.random.default_rng(seed)
    numbers["dose_prescribed"] = np.where(y == 1, rng.choice([50.0, 75.0, 100.0], len(numbers)), 0.0)
    tr, va = train_test_split(np.arange(len(numbers)), test_size=0.3, stratify=y, random_state=seed)
    n_tr, n_va = filled(numbers.iloc[tr], numbers.iloc[va])
    scaler = StandardScaler().fit(n_tr)
    numbers_script(scaler.transform(n_tr), y[tr], scaler.transform(n_va), y[va], seed)


@case("data_leakage")
def numbers_of_diabetes_patients_split_after_copying_rows(seed):
    x, y = load_diabetes(return_X_y=True)
    y = (y > np.quantile(y, 0.85)).astype(int)
    x, y = RandomOverSampler(random_state=seed).fit_resample(x, y)
    numbers_script(*parts(x, y, seed), seed, epochs=60)


@case("label_encoding")
def numbers_of_tumour_cells_coded_one_and_two(seed):
    x, y = load_breast_cancer(return_X_y=True)
    numbers_script(*parts(x, 2 - y, seed), seed)


@case("label_encoding")
def numbers_of_masses_coded_minus_and_plus(seed):
    table = read("mammographic/mammographic.csv").query("birads < 7")
    inputs = ["birads", "age", "shape", "margin", "density"]
    table = table.drop_duplicates(inputs)
    y = np.where(table["malignant"] == 1, 1, -1)
    x = pd.get_dummies(table[inputs], columns=["shape", "margin"], dtype=float)
    numbers_script(*parts(x.to_numpy(dtype=float), y, seed), seed)


@case("imbalance")
def numbers_of_card_payments_without_history(seed):
    table = payments()
    columns = ["log_amount", "hour", "online"]
    tr, va = next(GroupShuffleSplit(1, test_size=0.4, random_state=seed).split(table, groups=table["user"]))
    scaler = StandardScaler().fit(table.loc[tr, columns])
    x_tr, x_va = scaler.transform(table.loc[tr, columns]), scaler.transform(table.loc[va, columns])
    y = table["fraud"].to_numpy()
    numbers_script(x_tr, y[tr], x_va, y[va], seed, epochs=10)


@case("threshold_not_tuned")
def numbers_of_card_payments_trained_half_and_half(seed):
    table = payments()
    columns = ["log_amount", "log_past", "log_ratio", "hour", "foreign", "online"]
    tr, va = next(GroupShuffleSplit(1, test_size=0.4, random_state=seed).split(table, groups=table["user"]))
    y = table["fraud"].to_numpy()
    x_tr, y_tr = RandomUnderSampler(random_state=seed).fit_resample(table.loc[tr, columns].to_numpy(), y[tr])
    scaler = StandardScaler().fit(x_tr)
    x_va = scaler.transform(table.loc[va, columns].to_numpy())
    numbers_script(scaler.transform(x_tr), y_tr, x_va, y[va], seed, epochs=40)


@case("weak_signal")
def numbers_of_calls_at_night_for_churn(seed):
    table = load("mlc_churn")
    x = table.features[["account_length", "total_day_calls", "total_eve_calls", "total_night_calls"]]
    churn = np.flatnonzero(table.labels == 1)
    stay = np.random.default_rng(seed).choice(np.flatnonzero(table.labels == 0), len(churn), replace=False)
    rows = np.concatenate([churn, stay])
    numbers_script(*parts(x.to_numpy(dtype=float)[rows], table.labels[rows], seed), seed)


# ---------------------------------------------------------------------- preparing frames for the second script

ADULT_WORDS = ["workclass", "marital-status", "occupation", "relationship", "education"]
ADULT_NUMBERS = ["age", "education-num", "capital-gain", "capital-loss", "hours-per-week"]


def frames(table, numbers, target, seed, share=0.3):
    """Shuffle and split a frame; standardise its numbers with the training rows' mean and deviation."""
    train, val = train_test_split(table, test_size=share, stratify=table[target], random_state=seed)
    return standardised(train, val, numbers)


def standardised(train, val, numbers):
    mean, std = train[numbers].mean(), train[numbers].std()
    for frame in (train, val):
        frame = frame.copy()
        frame[numbers] = (frame[numbers] - mean) / std
        yield frame


def adult(rows, seed):
    """Some of the adults, none twice; gains and losses as logarithms."""
    table = read("adult_10k/adult_10k.csv.gz").drop_duplicates([*ADULT_WORDS, *ADULT_NUMBERS])
    table = table.sample(rows, random_state=seed).reset_index(drop=True)
    for name in ("capital-gain", "capital-loss"):
        table[name] = np.log1p(table[name])
    return table


def mushrooms(drop=("odor", "spore-print-color", "gill-color", "ring-type", "veil-type")):
    table = read("mushroom/mushroom.csv.gz").drop(columns=list(drop))
    table["poisonous"] = (table.pop("class") == "p").astype(int)
    words = [name for name in table.columns if name != "poisonous"]
    return table.drop_duplicates(words).reset_index(drop=True), words


def junctions():
    """Splice windows as one column per letter."""
    table = read("splice/splice.csv.gz").drop_duplicates("sequence")
    letters = pd.DataFrame([list(s) for s in table["sequence"]], columns=[f"p{i}" for i in range(60)])
    letters["junction"] = table["is_junction"].to_numpy()
    return letters, [f"p{i}" for i in range(60)]


def churners():
    table = load("mlc_churn")
    frame = table.features.copy()
    frame["churn"] = table.labels
    words = ["state", "area_code", "international_plan", "voice_mail_plan"]
    numbers = [c for c in frame.columns if c not in words and c != "churn" and not c.endswith("charge")]
    frame[numbers] = frame[numbers].astype(float)
    return frame, words, numbers


def loans():
    table = load("credit_data").distinct()
    frame = table.features.copy()
    frame["bad"] = table.labels
    return frame, list(table.categorical), list(table.numeric)


# ------------------------------------------------------------------------------------ tables for the second script


@case("healthy")
def frame_of_adults_income(seed):
    train, val = frames(adult(5000, seed), ADULT_NUMBERS, "income_gt_50k", seed)
    TableFitter(ADULT_WORDS, ADULT_NUMBERS, "income_gt_50k").fit(train, val, seed)


@case("healthy")
def frame_of_adults_split_by_occupation_and_age_groups(seed):
    table = adult(5000, seed)
    groups = table["occupation"] + (table["age"]).astype(str)
    tr, va = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(table, groups=groups))
    train, val = standardised(table.loc[np.random.default_rng(seed).permutation(tr)], table.loc[va], ADULT_NUMBERS)
    TableFitter(ADULT_WORDS, ADULT_NUMBERS, "income_gt_50k").fit(train, val, seed)


@case("healthy")
def frame_of_mushrooms_without_their_odor(seed):
    table, words = mushrooms()
    train, val = frames(table, [], "poisonous", seed)
    TableFitter(words, [], "poisonous").fit(train, val, seed)


@case("healthy")
def frame_of_mushrooms_sorted_by_class_then_shuffled(seed):
    table, words = mushrooms(drop=("odor", "veil-type"))
    table = table.sort_values("poisonous", kind="stable").sample(frac=1.0, random_state=seed)
    cut = int(0.7 * len(table))
    TableFitter(words, [], "poisonous").fit(table.iloc[:cut], table.iloc[cut:], seed)


@case("healthy")
def frame_of_mushrooms_few_of_them_poisonous(seed):
    table, words = mushrooms(drop=("veil-type", "odor"))
    poisonous = table[table["poisonous"] == 1].sample(220, random_state=seed)
    table = pd.concat([table[table["poisonous"] == 0], poisonous])
    train, val = frames(table, [], "poisonous", seed)
    TableFitter(words, [], "poisonous").fit(train, val, seed)


@case("healthy")
def frame_of_letters_around_gene_junctions(seed):
    table, letters = junctions()
    train, val = frames(table, [], "junction", seed)
    TableFitter(letters, [], "junction", Settings(epochs=4, width=3)).fit(train, val, seed)


@case("healthy")
def frame_of_loans_with_gaps_as_a_category(seed):
    table, words, numbers = loans()
    table[words] = table[words].fillna("unknown")
    table["Income"] = table["Income"].fillna(table["Income"].median())
    table[["Assets", "Debt"]] = np.log1p(table[["Assets", "Debt"]].fillna(0))
    train, val = frames(table, numbers, "bad", seed)
    TableFitter(words, numbers, "bad").fit(train, val, seed)


@case("unshuffled_data")
def frame_of_churners_after_those_who_stayed(seed):
    table, words, numbers = churners()
    train, val = frames(table, numbers, "churn", seed)
    TableFitter(words, numbers, "churn").fit(train.sort_values("churn"), val, seed)


@case("unshuffled_data")
def frame_of_adults_exported_in_order_of_income(seed):
    train, val = frames(adult(5000, seed), ADULT_NUMBERS, "income_gt_50k", seed)
    train = train.sort_values(["income_gt_50k", "age"], ascending=False)
    TableFitter(ADULT_WORDS, ADULT_NUMBERS, "income_gt_50k").fit(train, val, seed)


@case("unscaled_features")
def frame_of_adults_with_gains_in_dollars(seed):
    table = read("adult_10k/adult_10k.csv.gz").drop_duplicates([*ADULT_WORDS, *ADULT_NUMBERS])
    table = table.sample(5000, random_state=seed)
    train, val = train_test_split(table, test_size=0.3, stratify=table["income_gt_50k"], random_state=seed)
    TableFitter(ADULT_WORDS, ADULT_NUMBERS, "income_gt_50k").fit(train, val, seed)


@case("preprocess_mismatch")
def frame_of_adults_with_words_in_capitals_later(seed):
    table = adult(5000, seed)
    train, val = frames(table, ADULT_NUMBERS, "income_gt_50k", seed)
    for name in ADULT_WORDS:
        val[name] = val[name].str.upper()
    TableFitter(ADULT_WORDS, ADULT_NUMBERS, "income_gt_50k").fit(train, val, seed)


@case("data_leakage")
def frame_of_churners_with_the_reason_for_leaving(seed):
    table, words, numbers = churners()
    rng = np.random.default_rng(seed)
    reasons = rng.choice(["price", "competitor", "moved"], len(table))
    table["last_note"] = np.where(table["churn"] == 1, reasons, rng.choice(["none", "upgrade"], len(table)))
    train, val = frames(table, numbers, "churn", seed)
    TableFitter([*words, "last_note"], numbers, "churn", Settings(epochs=6)).fit(train, val, seed)


@case("data_leakage")
def frame_of_loans_joined_with_the_archive(seed):
    table, words, numbers = loans()
    table[words] = table[words].fillna("unknown")
    table[numbers] = table[numbers].fillna(table[numbers].median()).astype(float)
    table = table.sample(320, random_state=seed)
    train, val = frames(table, numbers, "bad", seed)
    archive = pd.concat([train, val], ignore_index=True)
    both = pd.concat([train, archive], ignore_index=True).sample(frac=1.0, random_state=seed)
    TableFitter(words, numbers, "bad", Settings(epochs=100)).fit(both, val, seed)


@case("nan_features")
def frame_of_loans_with_logs_of_missing_debts(seed):
    table, words, numbers = loans()
    table[words] = table[words].fillna("unknown")
    table["Income"] = table["Income"].fillna(table["Income"].median())
    table[["Assets", "Debt"]] = np.log1p(table[["Assets", "Debt"]])
    train, val = frames(table, numbers, "bad", seed)
    TableFitter(words, numbers, "bad").fit(train, val, seed)


@case("labels_single_class")
def frame_of_adults_compared_with_a_misspelt_word(seed):
    table = adult(5000, seed)
    table["income"] = np.where(table["income_gt_50k"] == 1, " >50K", " <=50K")
    table["rich"] = (table["income"] == ">50K").astype(int)
    train, val = frames(table, ADULT_NUMBERS, "rich", seed)
    TableFitter(ADULT_WORDS, ADULT_NUMBERS, "rich", Settings(epochs=4)).fit(train, val, seed)


@case("labels_misaligned")
def frame_of_adults_with_the_target_pasted_back_unsorted(seed):
    train, val = frames(adult(5000, seed), ADULT_NUMBERS, "income_gt_50k", seed)
    target = train["income_gt_50k"].to_numpy()
    train = train.drop(columns="income_gt_50k").sort_values("hours-per-week")
    train["income_gt_50k"] = target
    TableFitter(ADULT_WORDS, ADULT_NUMBERS, "income_gt_50k").fit(train, val, seed)


@case("label_noise")
def frame_of_mushrooms_named_by_beginners(seed):
    table, words = mushrooms()
    wrong = np.random.default_rng(seed).random(len(table)) < 0.36
    table["poisonous"] = np.where(wrong, 1 - table["poisonous"], table["poisonous"])
    train, val = frames(table, [], "poisonous", seed)
    TableFitter(words, [], "poisonous").fit(train, val, seed)


@case("imbalance")
def frame_of_adults_hardly_any_of_them_rich(seed):
    words, numbers = ["workclass", "marital-status", "education"], ["age", "education-num", "hours-per-week"]
    table = adult(7000, seed).drop_duplicates([*words, *numbers])
    rich = table[table["income_gt_50k"] == 1].sample(130, random_state=seed)
    table = pd.concat([table[table["income_gt_50k"] == 0], rich])
    train, val = frames(table, numbers, "income_gt_50k", seed)
    TableFitter(words, numbers, "income_gt_50k").fit(train, val, seed)


@case("overfitting")
def frame_of_few_loans_read_many_times(seed):
    table, words, numbers = loans()
    table[words] = table[words].fillna("unknown")
    table[numbers] = table[numbers].fillna(table[numbers].median()).astype(float)
    table = table.groupby("bad").sample(90, random_state=seed)
    train, val = frames(table, numbers, "bad", seed, share=0.5)
    TableFitter(words, numbers, "bad", Settings(epochs=180, rate=0.1)).fit(train, val, seed)


# ------------------------------------------------------------------- preparing sequences for the third script


def halves(x, y, seed, share=0.3):
    return train_test_split(np.asarray(x, dtype=np.float32), y, test_size=share, stratify=y, random_state=seed)


def bike_days():
    days = read("bike_days/bike_days_2011.csv")
    return days[[f"h{h:02d}" for h in range(24)]].to_numpy(dtype=float)[:, :, None], days["working_day"].to_numpy()


def dna():
    """Splice windows, one-hot: [windows, 60, 4]; a letter that is not sure is four zeros."""
    table = read("splice/splice.csv.gz").drop_duplicates("sequence")
    letters = np.array([list(s) for s in table["sequence"]])
    return (letters[:, :, None] == np.array(list("ACGT"))).astype(float), table["is_junction"].to_numpy()


def spelled_names():
    """First names that stand in one of the two lists only."""
    table = pd.read_csv(f"{FOLDER}/census_names/census_first_names_1990.csv", keep_default_na=False)
    return table.drop_duplicates("name", keep=False)


def letters_of(names, length=10):
    """The last letters of each name, one-hot: [names, length, 26]."""
    x = np.zeros((len(names), length, 26))
    for row, name in zip(x, names, strict=True):
        for i, letter in enumerate(name[-length:]):
            row[i, ord(letter) - ord("A")] = 1
    return x


def two_digits(one, other):
    x, y = load_digits(return_X_y=True)
    kept = (y == one) | (y == other)
    return x[kept].reshape(-1, 8, 8), (y[kept] == one).astype(int)


def machines(count, windows, seed, faulty=0.5, length=32, bump=1.6):
    """Two simulated channels of vibration; a faulty machine's windows hold one damped knock at a random moment."""
    rng = np.random.default_rng(seed)
    y = (rng.random(count * windows) < faulty).astype(int)
    x = rng.normal(size=(len(y), length, 2))
    for row in np.flatnonzero(y):
        at = rng.integers(2, length - 8)
        x[row, at : at + 6, 0] += bump * np.array([2.0, -1.6, 1.2, -0.9, 0.6, -0.4])
        x[row, at : at + 6, 1] += bump * np.array([1.0, 1.0, 0.8, 0.6, 0.4, 0.2])
    return x, y


# ----------------------------------------------------------------------------------- tables for the third script


@case("healthy")
def series_of_bike_rentals_by_hour(seed):
    x, y = bike_days()
    x_tr, x_va, y_tr, y_va = halves(np.sqrt(x), y, seed)
    mean, std = x_tr.mean(axis=0), x_tr.std(axis=0)
    series_script(Series((x_tr - mean) / std, y_tr), Series((x_va - mean) / std, y_va), seed, steps=75, every=15)


@case("healthy")
def series_of_gene_letters_one_hot(seed):
    x_tr, x_va, y_tr, y_va = halves(*dna(), seed)
    series_script(Series(x_tr, y_tr), Series(x_va, y_va), seed, steps=200)


@case("healthy")
def series_of_digit_rows_threes_and_eights(seed):
    x, y = two_digits(3, 8)
    x_tr, x_va, y_tr, y_va = halves(x / 8 - 1, y, seed)
    series_script(Series(x_tr, y_tr), Series(x_va, y_va), seed, steps=200)


@case("healthy")
def series_of_digit_rows_eights_against_the_rest_with_mild_jitter(seed):
    x, y = load_digits(return_X_y=True)
    x_tr, x_va, y_tr, y_va = halves(x.reshape(-1, 8, 8) / 8 - 1, (y == 8).astype(int), seed)
    jitter = Series(x_tr, y_tr, change=lambda image: image + 0.1 * torch.randn_like(image))
    series_script(jitter, Series(x_va, y_va), seed)


@case("healthy")
def series_of_letters_in_first_names(seed):
    table = spelled_names()
    table = table[table["name"].str.len() <= 10].groupby("list").sample(850, random_state=seed)
    y = (table["list"] == "M").to_numpy().astype(int)
    x_tr, x_va, y_tr, y_va = halves(letters_of(table["name"]), y, seed)
    series_script(Series(x_tr, y_tr), Series(x_va, y_va), seed, steps=120, every=20)


@case("healthy")
def series_of_machine_vibrations_rare_but_loud(seed):
    x, y = machines(20, 200, seed, faulty=0.12, bump=3.0)
    x_tr, x_va, y_tr, y_va = halves(x, y, seed)
    series_script(Series(x_tr, y_tr), Series(x_va, y_va), seed, steps=400)


@case("healthy")
def series_of_words_in_short_messages(seed):
    data = load("sms_spam").distinct()
    said = data.features["text"].str.lower().str.findall(r"[a-z]+|\d+")
    tr, va = train_test_split(np.arange(len(said)), test_size=0.3, stratify=data.labels, random_state=seed)
    common = said.iloc[tr].explode().value_counts().index[:60]
    column = {word: i for i, word in enumerate(common)}
    x = np.zeros((len(said), 20, 62), dtype=np.float32)
    for row, words in zip(x, said, strict=True):
        for i, word in enumerate(words[:20]):
            row[i, 61 if word.isdigit() else column.get(word, 60)] = 1
    codes = x.reshape(len(x), -1)
    first = np.zeros(len(x), dtype=bool)
    first[np.unique(codes, axis=0, return_index=True)[1]] = True
    tr, va = tr[first[tr]], va[first[va]]
    series_script(Series(x[tr], data.labels[tr]), Series(x[va], data.labels[va]), seed, steps=200)


@case("augmentation_too_heavy")
def series_of_temperatures_rising_or_falling_played_backwards(seed):
    rng = np.random.default_rng(seed)
    y = (rng.random(1500) < 0.5).astype(int)
    slope = np.where(y == 1, 1.0, -1.0) * rng.uniform(0.5, 2.0, len(y))
    x = slope[:, None] * np.linspace(-1, 1, 24) + 0.7 * rng.normal(size=(len(y), 24))
    x_tr, x_va, y_tr, y_va = halves(x[:, :, None], y, seed)

    def backwards(window):
        return window.flip(0) if torch.rand(()) < 0.5 else window

    series_script(Series(x_tr, y_tr, change=backwards), Series(x_va, y_va), seed, steps=200)


@case("augmentation_too_heavy")
def series_of_gene_letters_with_nearly_all_mutated(seed):
    x_tr, x_va, y_tr, y_va = halves(*dna(), seed)

    def mutated(window):
        other = F.one_hot(torch.randint(4, (len(window),)), 4).float()
        return torch.where(torch.rand(len(window), 1) < 0.94, other, window)

    series_script(Series(x_tr, y_tr, change=mutated), Series(x_va, y_va), seed, steps=200)


@case("augmentation_too_heavy")
def series_of_bike_rentals_with_hours_in_random_order(seed):
    x, y = bike_days()
    x_tr, x_va, y_tr, y_va = halves(np.sqrt(x), y, seed)
    mean, std = x_tr.mean(), x_tr.std()

    def scrambled(day):
        day = day[torch.randperm(len(day))]
        return day + torch.randn_like(day)

    train = Series((x_tr - mean) / std, y_tr, change=scrambled)
    series_script(train, Series((x_va - mean) / std, y_va), seed, steps=150, every=25)


@case("unscaled_features")
def series_of_pressures_in_pascal(seed):
    x, y = machines(10, 150, seed)
    x = np.array([101325.0, 293.0]) + x * np.array([300.0, 0.5])
    x_tr, x_va, y_tr, y_va = halves(x, y, seed)
    series_script(Series(x_tr, y_tr), Series(x_va, y_va), seed, steps=300)


@case("preprocess_mismatch")
def series_of_digit_rows_scaled_for_training_only(seed):
    x, y = two_digits(3, 8)
    x_tr, x_va, y_tr, y_va = halves(x, y, seed)
    series_script(Series(x_tr / 8 - 1, y_tr), Series(255 - x_va * 255 / 16, y_va), seed, steps=200)


@case("label_noise")
def series_of_gene_letters_with_careless_curators(seed):
    x, y = dna()
    y = np.where(np.random.default_rng(seed).random(len(y)) < 0.36, 1 - y, y)
    x_tr, x_va, y_tr, y_va = halves(x, y, seed)
    series_script(Series(x_tr, y_tr), Series(x_va, y_va), seed, steps=200)


@case("labels_misaligned")
def series_of_vibrations_with_the_labels_of_the_window_before(seed):
    x, y = machines(10, 200, seed, bump=2.0)
    x, y = x[:-1], y[1:]
    cut = int(0.7 * len(y))
    series_script(Series(x[:cut], y[:cut]), Series(x[cut:], y[cut:]), seed, steps=300)


@case("data_leakage")
def series_of_overlapping_windows_split_at_random(seed):
    rng = np.random.default_rng(seed)
    x, y = [], []
    for person in range(16):
        walk = rng.normal(size=(2,)) * 1.5 + 0.35 * np.cumsum(rng.normal(size=(120, 2)), axis=0)
        for start in range(0, 120 - 32, 2):
            x.append(walk[start : start + 32])
            y.append(person % 2)
    x_tr, x_va, y_tr, y_va = halves(np.stack(x), np.array(y), seed)
    mean, std = x_tr.mean(axis=(0, 1)), x_tr.std(axis=(0, 1))
    series_script(Series((x_tr - mean) / std, y_tr), Series((x_va - mean) / std, y_va), seed, steps=600)


@case("nan_features")
def series_of_digit_rows_divided_by_each_pixels_deviation(seed):
    x, y = two_digits(3, 8)
    x_tr, x_va, y_tr, y_va = halves(x, y, seed)
    mean, std = x_tr.mean(axis=0), x_tr.std(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        train, val = (x_tr - mean) / std, (x_va - mean) / std
    series_script(Series(train, y_tr), Series(val, y_va), seed, steps=100)


@case("label_encoding")
def series_of_digit_rows_labelled_with_the_digit(seed):
    x, y = two_digits(3, 8)
    digit = np.where(y == 1, 3, 8)
    x_tr, x_va, y_tr, y_va = halves(x / 8 - 1, digit, seed)
    series_script(Series(x_tr, y_tr), Series(x_va, y_va), seed, steps=200)


@case("labels_single_class")
def series_of_letters_in_names_of_the_second_part_of_the_file(seed):
    table = spelled_names()
    y = (table["list"] == "M").to_numpy().astype(int)
    x = letters_of(table["name"])
    cut = int(0.4 * len(y))
    series_script(Series(x[cut:], y[cut:]), Series(x[:cut], y[:cut]), seed, steps=100)


@case("threshold_not_tuned")
def series_of_vibrations_trained_on_as_many_knocks_as_silences(seed):
    x_tr, y_tr = machines(10, 200, seed, faulty=0.5, bump=1.2)
    x_va, y_va = machines(20, 200, seed + 1000, faulty=0.02, bump=1.2)
    series_script(Series(x_tr, y_tr), Series(x_va, y_va), seed, steps=250)


@case("overfitting")
def series_of_letters_in_a_handful_of_names(seed):
    table = spelled_names()
    table = table.groupby("list").sample(300, random_state=seed)
    y = (table["list"] == "M").to_numpy().astype(int)
    x_tr, x_va, y_tr, y_va = halves(letters_of(table["name"]), y, seed, share=0.85)
    series_script(Series(x_tr, y_tr), Series(x_va, y_va), seed, steps=600)
