"""Three scripts given to sick and healthy tables, then complete scripts by different people."""

import copy
import math
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.compose import make_column_transformer
from sklearn.metrics import accuracy_score, f1_score, log_loss, recall_score, roc_auc_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

# ---------------------------------------------------------------- a script with pandas and scikit-learn


def pandas_report(train: pd.DataFrame, valid: pd.DataFrame, categories: tuple[str, ...] = (), epochs: int = 18) -> None:
    """Preprocess two tables with a column "target", train a small network, print scikit-learn's metrics."""
    numbers = [name for name in train.columns if name != "target" and name not in categories]
    encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    prepare = make_column_transformer((StandardScaler(), numbers), (encode, list(categories)))
    x = torch.tensor(prepare.fit_transform(train), dtype=torch.float32)
    x_valid = torch.tensor(prepare.transform(valid), dtype=torch.float32)
    y = torch.tensor(train["target"].to_numpy(), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(epochs):
        model.train()
        order = torch.randperm(len(x))
        for rows in order.split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]).squeeze(1), y[rows])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        probability = torch.sigmoid(model(x_valid).squeeze(1)).numpy()
    truth = valid["target"].to_numpy()
    called = (probability > 0.5).astype(int)
    auc, accuracy = roc_auc_score(truth, probability), accuracy_score(truth, called)
    print(f"auc {auc:.3f} accuracy {accuracy:.3f} f1 {f1_score(truth, called, zero_division=0):.3f}")


def frames(name: str, seed: int, raw: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a training and a validation table with the column "target"."""
    x, y, x_valid, y_valid = (part.numpy() for part in data(name, seed, raw=raw))
    names = [f"x{i}" for i in range(x.shape[1])]
    train = pd.DataFrame(x, columns=names).assign(target=y.astype(int))
    return train, pd.DataFrame(x_valid, columns=names).assign(target=y_valid.astype(int))


@case("label_noise")
def spam_labels_by_careless_students(seed: int) -> None:
    train, valid = frames("spambase", seed)
    wrong = np.random.default_rng(seed).random(len(train)) < 0.38
    train.loc[wrong, "target"] = 1 - train.loc[wrong, "target"]
    pandas_report(train, valid)


@case("label_noise")
def biopsy_labels_wrong_in_both_parts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, valid = frames("breast_cancer", seed)
    for table in (train, valid):
        wrong = rng.random(len(table)) < 0.3
        table.loc[wrong, "target"] = 1 - table.loc[wrong, "target"]
    pandas_report(train, valid)


@case("label_noise")
def long_mails_labelled_by_a_broken_filter(seed: int) -> None:
    train, valid = frames("spambase", seed)
    group = (train["x56"] > train["x56"].median()) & (np.random.default_rng(seed).random(len(train)) < 0.75)
    train.loc[group, "target"] = 1 - train.loc[group, "target"]
    pandas_report(train, valid)


@case("labels_misaligned")
def target_column_one_row_late(seed: int) -> None:
    train, valid = frames("spambase", seed)
    train["target"] = train["target"].shift(1).fillna(0).astype(int)
    pandas_report(train, valid)


@case("labels_misaligned")
def answers_read_from_the_end(seed: int) -> None:
    train, valid = frames("breast_cancer", seed)
    for table in (train, valid):
        table["target"] = table["target"].to_numpy()[::-1].copy()
    pandas_report(train, valid)


@case("labels_misaligned")
def sorted_features_meet_unsorted_answers(seed: int) -> None:
    train, valid = frames("credit_data", seed)
    answers = train["target"]
    features = train.drop(columns="target").sort_values("x5").reset_index(drop=True)
    pandas_report(features.join(answers), valid)


@case("labels_misaligned")
def validation_answers_from_another_export(seed: int) -> None:
    train, valid = frames("spambase", seed)
    valid["target"] = valid["target"].sample(frac=1, random_state=seed).to_numpy()
    pandas_report(train, valid)


@case("weak_signal")
def horoscope_table(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(1200, 9)), columns=[f"planet{i}" for i in range(9)])
    table["sign"] = rng.integers(0, 12, 1200)
    table["target"] = rng.integers(0, 2, 1200)
    pandas_report(table[:800], table[800:], categories=("sign",))


@case("data_leakage")
def status_column_is_the_answer(seed: int) -> None:
    train, valid = frames("credit_data", seed)
    for table in (train, valid):
        table["status"] = np.where(table["target"] == 1, "closed", "open")
    pandas_report(train, valid, categories=("status",))


@case("data_leakage")
def retention_calls_after_the_churn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, valid = frames("mlc_churn", seed)
    for table in (train, valid):
        table["minutes_next_month"] = np.where(table["target"] == 1, 0.0, rng.gamma(4.0, 50.0, len(table)))
    pandas_report(train, valid)


@case("data_leakage")
def town_encoded_by_its_own_answers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, valid = frames("credit_data", seed)
    town, town_valid = rng.integers(0, 700, len(train)), rng.integers(0, 700, len(valid))
    rate = train["target"].groupby(town).mean()
    train["town_rate"] = rate.loc[town].to_numpy()
    valid["town_rate"] = rate.reindex(town_valid).fillna(train["target"].mean()).to_numpy()
    pandas_report(train, valid)


@case("data_leakage")
def customer_number_given_by_class(seed: int) -> None:
    train, valid = frames("credit_data", seed)
    both = pd.concat([train, valid])
    both = both.sort_values("target", kind="stable").assign(number=np.arange(len(both)) + 10_000)
    both = both.sample(frac=1, random_state=seed)
    pandas_report(both[:1200], both[1200:])


@case("data_leakage")
def oversampled_then_split(seed: int) -> None:
    train, _ = frames("mlc_churn", seed)
    rare = train[train["target"] == 1]
    table = pd.concat([train] + [rare] * 5).sample(frac=1, random_state=seed)
    cut = int(0.75 * len(table))
    pandas_report(table[:cut], table[cut:])


@case("data_leakage")
def neighbours_made_before_the_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, _ = frames("credit_data", seed, raw=False)
    rare = train[train["target"] == 1].to_numpy()
    near = NearestNeighbors(n_neighbors=4).fit(rare).kneighbors(rare, return_distance=False)[:, 1:]
    made = [rare + rng.random((len(rare), 1)) * 0.3 * (rare[near[:, k]] - rare) for k in range(3)]
    made_frame = pd.DataFrame(np.concatenate(made), columns=train.columns)
    table = pd.concat([train, made_frame]).sample(frac=1, random_state=seed)
    table["target"] = table["target"].round().astype(int)
    cut = int(0.75 * len(table))
    pandas_report(table[:cut], table[cut:])


@case("imbalance")
def one_fraud_in_twenty_never_called(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(3000) < 0.05).astype(int)
    x = rng.normal(size=(3000, 6)) + 0.55 * y[:, None]
    table = pd.DataFrame(x, columns=list("abcdef")).assign(target=y)
    pandas_report(table[:2000], table[2000:], epochs=8)


@case("overfitting")
def two_hundred_loans_learned_by_heart(seed: int) -> None:
    train, valid = frames("credit_data", seed)
    pandas_report(train[:200], valid, epochs=250)


@case("healthy")
def credit_as_the_table_came(seed: int) -> None:
    pandas_report(*frames("credit_data", seed), epochs=15)


@case("healthy")
def spam_with_heavy_tails_in_logs(seed: int) -> None:
    train, valid = frames("spambase", seed)
    train.iloc[:, :-1] = np.log1p(train.iloc[:, :-1] * 10)
    valid.iloc[:, :-1] = np.log1p(valid.iloc[:, :-1] * 10)
    pandas_report(train, valid, epochs=15)


@case("healthy")
def thyroid_rare_but_plain(seed: int) -> None:
    pandas_report(*frames("hypothyroid", seed))


@case("healthy")
def few_biopsies(seed: int) -> None:
    train, valid = frames("breast_cancer", seed)
    pandas_report(train[:80], valid)


@case("healthy")
def spam_with_few_wrong_labels(seed: int) -> None:
    train, valid = frames("spambase", seed)
    wrong = np.random.default_rng(seed).random(len(train)) < 0.03
    train.loc[wrong, "target"] = 1 - train.loc[wrong, "target"]
    pandas_report(train, valid, epochs=12)


@case("healthy")
def shops_as_one_hots(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shop, day, age = rng.integers(0, 25, 2400), rng.integers(0, 7, 2400), rng.normal(45, 12, 2400)
    score = rng.normal(0, 1.5, 25)[shop] + rng.normal(0, 1.0, 7)[day] + (age - 45) / 12
    target = (rng.random(2400) < 1 / (1 + np.exp(-score))).astype(int)
    table = pd.DataFrame({"shop": shop, "day": day, "age": age, "target": target})
    pandas_report(table[:1600], table[1600:], categories=("shop", "day"), epochs=15)


@case("healthy")
def validation_with_fewer_positives(seed: int) -> None:
    train, valid = frames("spambase", seed)
    spam = valid[valid["target"] == 1].sample(frac=0.4, random_state=seed)
    pandas_report(train, pd.concat([valid[valid["target"] == 0], spam]), epochs=15)


@case("healthy")
def barely_separated_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 3000)
    x = rng.normal(size=(3000, 5)) + 0.22 * (2 * y - 1)[:, None]
    table = pd.DataFrame(x, columns=list("abcde")).assign(target=y)
    pandas_report(table[:2000], table[2000:], epochs=4)


# ---------------------------------------------------------------- a trainer that keeps the best weights


class Trainer:
    """Train with early stopping on the validation loss and keep the best weights."""

    def __init__(self, model: nn.Module, lr: float = 0.002, patience: int = 8) -> None:
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-3)
        self.loss = nn.BCEWithLogitsLoss()
        self.patience = patience

    def fit(self, train: DataLoader, valid: DataLoader, epochs: int) -> None:
        best, waited = math.inf, 0
        weights = copy.deepcopy(self.model.state_dict())
        for _ in range(epochs):
            self.model.train()
            for x, y in train:
                loss = self.loss(self.model(x).flatten(), y)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
            current = self.evaluate(valid)[0]
            if current < best:
                best, waited, weights = current, 0, copy.deepcopy(self.model.state_dict())
            else:
                waited += 1
                if waited >= self.patience:
                    break
        self.model.load_state_dict(weights)

    @torch.no_grad()
    def evaluate(self, loader: DataLoader) -> tuple[float, float]:
        self.model.eval()
        total, correct, count = 0.0, 0, 0
        for x, y in loader:
            logits = self.model(x).flatten()
            total += self.loss(logits, y).item() * len(y)
            correct += ((logits > 0).float() == y).sum().item()
            count += len(y)
        return total / count, correct / count


class Net(nn.Module):
    def __init__(self, inputs: int, hidden: int = 48) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Dropout(0.1))
        self.head = nn.Linear(hidden, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))


def loader_report(x: Tensor, y: Tensor, x_val: Tensor, y_val: Tensor, epochs: int = 25) -> None:
    """Train the net on tensors as they are and print the validation accuracy."""
    train = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    valid = DataLoader(TensorDataset(x_val, y_val), batch_size=256)
    trainer = Trainer(Net(x.shape[1]))
    trainer.fit(train, valid, epochs)
    print(f"validation accuracy {trainer.evaluate(valid)[1]:.3f}")


@case("preprocess_mismatch")
def validation_forgot_the_scaler(seed: int) -> None:
    x, y, _, _ = data("spambase", seed)
    _, _, x_val, y_val = data("spambase", seed, raw=True)
    loader_report(x, y, x_val, y_val)


@case("preprocess_mismatch")
def validation_squeezed_between_0_and_1(seed: int) -> None:
    x, y, _, _ = data("breast_cancer", seed)
    _, _, x_val, y_val = data("breast_cancer", seed, raw=True)
    low, high = x_val.min(0).values, x_val.max(0).values
    loader_report(x, y, (x_val - low) / (high - low), y_val)


@case("preprocess_mismatch")
def validation_columns_in_another_order(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed, raw=True)
    mean, std = x.mean(0), x.std(0) + 1e-6
    order = torch.tensor(np.argsort([f"x{i}" for i in range(x.shape[1])]))
    loader_report((x - mean) / std, y, ((x_val - mean) / std)[:, order], y_val)


@case("unscaled_features")
def credit_amounts_straight_from_the_bank(seed: int) -> None:
    loader_report(*data("credit_data", seed, raw=True))


@case("unscaled_features")
def moons_far_from_the_origin(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    shift = torch.tensor([1900.0, 2400.0])
    loader_report(x + shift, y, x_val + shift, y_val)


@case("nan_features")
def one_missing_income(seed: int) -> None:
    x, y, x_val, y_val = data("credit_data", seed)
    x[torch.randperm(len(x))[:15], 4] = float("nan")
    loader_report(x, y, x_val, y_val)


@case("labels_misaligned")
def features_shuffled_without_their_labels(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    loader_report(x[torch.randperm(len(x))], y, x_val, y_val)


@case("labels_single_class")
def filter_left_one_class(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    loader_report(x[y == 0], y[y == 0], x_val, y_val)


@case("healthy")
def churn_with_the_trainer(seed: int) -> None:
    loader_report(*data("mlc_churn", seed))


@case("healthy")
def rings_with_the_trainer(seed: int) -> None:
    loader_report(*data("circles", seed), epochs=30)


@case("healthy")
def sensors_that_drifted_a_little(seed: int) -> None:
    x, y, x_val, y_val = data("clouds", seed)
    loader_report(x, y, x_val + 0.25 * torch.randn(x.shape[1]), y_val)


@case("healthy")
def sorted_export_but_shuffled(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    order = y.argsort()
    loader_report(x[order], y[order], x_val, y_val, epochs=30)


@case("healthy")
def digit_pixels_between_0_and_1(seed: int) -> None:
    x, y, x_val, y_val = data("digit_8", seed, raw=True)
    loader_report(x / 16, y, x_val / 16, y_val)


# ---------------------------------------------------------------- a script for tokens


def reviews(seed: int, rows: int = 900, signal: float = 0.5, longest: int = 20) -> tuple[Tensor, Tensor, Tensor]:
    """Return padded tokens (0 pads), lengths and labels: words 1-5 are said in bad reviews, 6-10 in good ones."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(5, longest + 1, rows)
    labels = rng.integers(0, 2, rows)
    tokens = np.zeros((rows, longest), dtype=int)
    for i, (length, label) in enumerate(zip(lengths, labels, strict=True)):
        words = rng.integers(1, 60, length)
        said = rng.random(length) < 0.25 * signal * 2
        opinion = rng.random(length) < 0.8
        words[said] = (rng.integers(1, 6, length) + 5 * np.where(opinion, label, 1 - label))[said]
        tokens[i, :length] = words
    return torch.tensor(tokens), torch.tensor(lengths), torch.tensor(labels).float()


class Reader(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(60, 12, padding_idx=0)
        self.gru = nn.GRU(12, 16, batch_first=True)
        self.out = nn.Linear(16, 1)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(self.words(tokens), lengths, batch_first=True, enforce_sorted=False)
        _, last = self.gru(packed)
        return self.out(last[0]).squeeze(-1)


def reader_report(train: tuple[Tensor, Tensor, Tensor], valid: tuple[Tensor, Tensor, Tensor], epochs: int = 6) -> None:
    """Train the reader on (tokens, lengths, labels) and print the validation AUC."""
    tokens, lengths, labels = train
    model = Reader()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(epochs):
        for rows in torch.randperm(len(labels)).split(64):
            loss = F.binary_cross_entropy_with_logits(model(tokens[rows], lengths[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    model.eval()
    with torch.no_grad():
        scores = model(valid[0], valid[1])
    print(f"auc {roc_auc_score(valid[2].numpy(), scores.numpy()):.3f}")


@case("healthy")
def reviews_read_plainly(seed: int) -> None:
    reader_report(reviews(seed), reviews(seed + 1000, 400))


@case("healthy")
def faint_opinions(seed: int) -> None:
    reader_report(reviews(seed, 1500, 0.35), reviews(seed + 1000, 500, 0.35), epochs=4)


@case("labels_misaligned")
def ratings_moved_by_a_header_line(seed: int) -> None:
    tokens, lengths, labels = reviews(seed)
    reader_report((tokens[1:], lengths[1:], labels[:-1]), reviews(seed + 1000, 400), epochs=5)


@case("weak_signal")
def words_that_say_nothing(seed: int) -> None:
    reader_report(reviews(seed, signal=0.0), reviews(seed + 1000, 400, signal=0.0), epochs=5)


@case("label_noise")
def ratings_clicked_at_random(seed: int) -> None:
    tokens, lengths, labels = reviews(seed, signal=0.8)
    wrong = torch.rand(len(labels)) < 0.4
    reader_report((tokens, lengths, torch.where(wrong, 1 - labels, labels)), reviews(seed + 1000, 400, signal=0.8))


@case("data_leakage")
def rating_word_left_in_the_text(seed: int) -> None:
    parts = [reviews(seed, signal=0.3), reviews(seed + 1000, 400, signal=0.3)]
    for tokens, lengths, labels in parts:
        tokens[torch.arange(len(tokens)), lengths - 1] = 58 + labels.long()
    reader_report(parts[0], parts[1])


# ---------------------------------------------------------------- complete scripts by different people


@case("shape_broadcast")
def mse_on_column_and_row(seed: int) -> None:
    x, y, x_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
    opt = torch.optim.Adam(net.parameters(), lr=0.005)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            loss = ((net(x[rows]) - y[rows]) ** 2).mean()
            loss.backward()
            opt.step()
    with torch.no_grad():
        acc = ((net(x_val).squeeze() > 0.5) == (y_val > 0.5)).float().mean()
    print(f"accuracy {acc:.3f}")


@case("nll_on_probabilities")
def nll_with_softmax_for_churn(seed: int) -> None:
    x, y, x_val, y_val = data("mlc_churn", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(dim=1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    criterion = nn.NLLLoss()
    for _ in range(20):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            criterion(net(x[rows]), y[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        called = net(x_val).argmax(1)
    print(f"recall {recall_score(y_val.numpy(), called.numpy()):.3f}")


@case("bce_on_logits")
def cross_entropy_written_by_hand(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(300):
        out = net(x).squeeze(1)
        loss = -(y * torch.log(out + 1e-8) + (1 - y) * torch.log(1 - out + 1e-8)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).squeeze(1) > 0.5) == y_val.bool()).float().mean():.3f}")


@case("double_sigmoid")
def sigmoid_inside_and_outside(seed: int) -> None:
    x, y, x_val, y_val = data("hypothyroid", seed)

    class Thyroid(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Linear(x.shape[1], 20), nn.Linear(20, 1)

        def forward(self, v: Tensor) -> Tensor:
            return torch.sigmoid(self.two(F.relu(self.one(v))))[:, 0]

    net = Thyroid()
    opt = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(25):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"f1 {f1_score(y_val.numpy(), (torch.sigmoid(net(x_val)) > 0.5).numpy()):.3f}")


@case("relu_on_output")
def relu_after_every_layer_reports(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    sizes = [x.shape[1], 40, 20, 1]
    layers: list[nn.Module] = []
    for a, b in pairwise(sizes):
        layers += [nn.Linear(a, b), nn.ReLU()]
    net = nn.Sequential(*layers)
    opt = torch.optim.Adam(net.parameters(), lr=0.001)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows])[:, 0], y[rows]).backward()
            opt.step()
    with torch.no_grad():
        probabilities = torch.sigmoid(net(x_val)[:, 0]).numpy()
    print(f"log loss {log_loss(y_val.numpy(), probabilities):.3f}")


@case("optimizer_wrong_params")
def optimizer_built_before_the_reset(seed: int) -> None:
    x, y, x_val, y_val = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.005)
    net = copy.deepcopy(net)
    for _ in range(30):
        net.train()
        for rows in torch.randperm(len(x)).split(32):
            net.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("frozen_params")
def everything_frozen_but_the_last_bias(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    for name, parameter in net.named_parameters():
        parameter.requires_grad = name.startswith("4")
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("unregistered_params")
def hidden_layers_in_a_dict(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)

    class Stack(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = {"a": nn.Linear(2, 5), "b": nn.Linear(5, 5)}
            self.last = nn.Linear(5, 1)

        def forward(self, v: Tensor) -> Tensor:
            for layer in self.hidden.values():
                v = torch.relu(layer(v))
            return self.last(v).squeeze(1)

    net = Stack()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val) > 0) == y_val.bool()).float().mean():.3f}")


@case("graph_detached")
def features_taken_out_with_detach(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    encoder = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 3), nn.ReLU())
    head = nn.Linear(3, 1)
    opt = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=0.01)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(32):
            code = torch.tensor(encoder(x[rows]).detach().numpy())
            loss = F.binary_cross_entropy_with_logits(head(code).squeeze(1), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((head(encoder(x_val)).squeeze(1) > 0) == y_val.bool()).float().mean():.3f}")


@case("eval_mode_missing")
def dropout_left_on_at_the_end(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Dropout(0.5), nn.Linear(57, 24), nn.ReLU(), nn.Dropout(0.5), nn.Linear(24, 1), nn.Flatten(0))
    opt = torch.optim.Adam(net.parameters(), lr=0.005)
    for _ in range(15):
        net.train()
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
        with torch.no_grad():
            accuracy = ((net(x_val) > 0) == y_val.bool()).float().mean()
    print(f"accuracy {accuracy:.3f}")


@case("functional_dropout")
def functional_dropout_forgets_the_mode(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)

    class Dropped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(57, 24), nn.Linear(24, 1)

        def forward(self, v: Tensor) -> Tensor:
            return self.b(F.dropout(torch.relu(self.a(F.dropout(v, 0.5))), 0.5)).squeeze(1)

    net = Dropped()
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(20):
        net.train()
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print(f"accuracy {((net(x_val) > 0) == y_val.bool()).float().mean():.3f}")


@case("lr_too_high")
def momentum_and_a_rate_of_two(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=2.0, momentum=0.9)
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("lr_too_low")
def plain_sgd_with_adams_rate(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=3e-4)
    for _ in range(50):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("scheduler_misuse")
def step_schedule_inside_the_batch_loop(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.StepLR(opt, step_size=5, gamma=0.5)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
            schedule.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("vanishing_gradients")
def six_sigmoids(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    layers: list[nn.Module] = [nn.Linear(x.shape[1], 24), nn.Sigmoid()]
    for _ in range(5):
        layers += [nn.Linear(24, 24), nn.Sigmoid()]
    net = nn.Sequential(*layers, nn.Linear(24, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("bad_init")
def every_weight_the_same_reports(seed: int) -> None:
    x, y, x_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.1)
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(50):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("dead_relu")
def bias_of_minus_thirty(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 1))
    nn.init.constant_(net[0].bias, -30.0)
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("padding_not_masked")
def last_state_after_all_the_zeros(seed: int) -> None:
    tokens, _, y = reviews(seed, signal=0.8)
    tokens_val, _, y_val = reviews(seed + 1000, 400, signal=0.8)
    tokens, tokens_val = F.pad(tokens, (0, 60)), F.pad(tokens_val, (0, 60))
    words, rnn, out = nn.Embedding(60, 8, padding_idx=0), nn.GRU(8, 16, batch_first=True), nn.Linear(16, 1)
    opt = torch.optim.Adam([*words.parameters(), *rnn.parameters(), *out.parameters()], lr=0.01)
    for _ in range(5):
        for rows in torch.randperm(len(y)).split(64):
            states, _ = rnn(words(tokens[rows]))
            loss = F.binary_cross_entropy_with_logits(out(states[:, -1]).squeeze(1), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        states, _ = rnn(words(tokens_val))
        print(f"auc {roc_auc_score(y_val.numpy(), out(states[:, -1]).squeeze(1).numpy()):.3f}")


@case("wrong_axis")
def gru_without_batch_first_reports(seed: int) -> None:
    tokens, _, y = reviews(seed, 640, signal=0.8)
    tokens_val, _, y_val = reviews(seed + 1000, 384, signal=0.8)

    class Listener(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(60, 16)
            self.gru = nn.GRU(16, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, v: Tensor) -> Tensor:
            states, _ = self.gru(self.words(v))
            return self.out(states[:, -1]).squeeze(1)

    net = Listener()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(6):
        for rows in torch.randperm(len(y)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(tokens[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        scores = torch.cat([net(part) for part in tokens_val.split(32)])
    print(f"auc {roc_auc_score(y_val.numpy(), scores.numpy()):.3f}")


@case("wrong_axis")
def view_where_a_transpose_belongs(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    columns = x.T.contiguous()
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(32):
            batch = columns[:, rows].reshape(len(rows), -1)
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(batch).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        logits = net(x_val.T.contiguous().reshape(len(x_val), -1)).flatten()
    print(f"accuracy {((logits > 0) == y_val.bool()).float().mean():.3f}")


@case("unshuffled_data")
def export_sorted_by_class(seed: int) -> None:
    x, y, x_val, y_val = data("credit_data", seed)
    order = y.argsort()
    loader = DataLoader(TensorDataset(x[order], y[order]), batch_size=32)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = torch.optim.SGD(net.parameters(), lr=0.5)
    for _ in range(20):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val) > 0) == y_val.bool()).float().mean():.3f}")


@case("threshold_on_logits")
def half_is_the_border_of_logits(seed: int) -> None:
    x, y, x_val, y_val = data("mlc_churn", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.003, weight_decay=1e-3)
    for _ in range(8):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        called = (net(x_val).flatten() > 0.5).int()
    print(f"recall {recall_score(y_val.numpy(), called.numpy()):.3f}")


@case("accuracy_broadcast")
def accuracy_of_a_square_table(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]), y[rows, None]).backward()
            opt.step()
    with torch.no_grad():
        called = (torch.sigmoid(net(x_val)) > 0.5).float()
    print(f"accuracy {(called == y_val).float().mean():.3f}")


@case("softmax_wrong_dim")
def softmax_over_the_rows(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Linear(24, 2))
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        called = (F.softmax(net(x_val), dim=0)[:, 1] > 0.5).float()
    print(f"accuracy {(called == y_val).float().mean():.3f}")


@case("regularisation_too_strong")
def decay_of_one(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.003, weight_decay=0.5)
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("label_encoding")
def labels_one_and_two_reports(seed: int) -> None:
    x, y, x_val, y_val = data("breast_cancer", seed)
    y, y_val = y + 1, y_val + 1
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(25):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        called = 1 + (net(x_val).flatten() > 0).float()
    print(f"accuracy {(called == y_val).float().mean():.3f}")


@case("train_mode_missing")
def eval_before_the_first_epoch(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed, raw=True)
    net = nn.Sequential(nn.BatchNorm1d(57), nn.Linear(57, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    net.eval()
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("healthy")
def bayes_by_logistic_regression(seed: int) -> None:
    x, y, x_val, y_val = data("clouds", seed)
    net = nn.Linear(8, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.5)
    for _ in range(300):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(net(x).flatten(), y).backward()
        opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("healthy")
def rate_of_one_that_works(seed: int) -> None:
    x, y, x_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    opt = torch.optim.SGD(net.parameters(), lr=1.0)
    for _ in range(600):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(net(x).flatten(), y).backward()
        opt.step()
    with torch.no_grad():
        print(f"accuracy {((net(x_val).flatten() > 0) == y_val.bool()).float().mean():.3f}")


@case("healthy")
def two_columns_and_a_zero_head(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.GELU(), nn.LayerNorm(32), nn.Linear(32, 2))
    nn.init.zeros_(net[3].weight)
    nn.init.zeros_(net[3].bias)
    opt = torch.optim.AdamW(net.parameters(), lr=0.002)
    for _ in range(12):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows].long(), label_smoothing=0.02).backward()
            opt.step()
    with torch.no_grad():
        probabilities = F.softmax(net(x_val), dim=-1)
    print(f"auc {roc_auc_score(y_val.numpy(), probabilities[:, 1].numpy()):.3f}")


@case("healthy")
def gradients_of_four_batches_together(seed: int) -> None:
    x, y, x_val, y_val = data("credit_data", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 24), nn.SiLU(), nn.Dropout(0.2), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=0.004)
    for _ in range(20):
        net.train()
        for i, rows in enumerate(torch.randperm(len(x)).split(16)):
            (F.binary_cross_entropy_with_logits(net(x[rows]).flatten(), y[rows]) / 4).backward()
            if i % 4 == 3:
                opt.step()
                opt.zero_grad()
    net.eval()
    with torch.no_grad():
        print(f"auc {roc_auc_score(y_val.numpy(), net(x_val).flatten().numpy()):.3f}")


@case("healthy")
def weighted_churn_with_one_cycle(seed: int) -> None:
    x, y, x_val, y_val = data("mlc_churn", seed)
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=(y == 0).sum() / (y == 1).sum())
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
    loader = DataLoader(TensorDataset(x, y), batch_size=48, shuffle=True, drop_last=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.01, total_steps=20 * len(loader))
    for _ in range(20):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            criterion(net(xb).flatten(), yb).backward()
            opt.step()
            schedule.step()
    net.eval()
    with torch.no_grad():
        print(f"auc {roc_auc_score(y_val.numpy(), net(x_val).flatten().numpy()):.3f}")
