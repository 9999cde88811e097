"""Set-ups rebuilt from questions on forums, and code in the style of tutorials."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from case import case, data
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import accuracy_score, f1_score, recall_score, roc_auc_score
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset, WeightedRandomSampler


def images(seed: int, zero: int, one: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return 8 × 8 grey images in 0..255 of two digits."""
    x, digit = load_digits(return_X_y=True)
    kept = (digit == zero) | (digit == one)
    x, y = x[kept].reshape(-1, 1, 8, 8) / 16 * 255, (digit[kept] == one).astype(float)
    parts = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    x_train, x_val, y_train, y_val = (torch.tensor(part, dtype=torch.float32) for part in parts)
    return x_train, y_train, x_val, y_val


def parity(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return 8 × 8 grey images in 0..1, labelled odd or even."""
    x, digit = load_digits(return_X_y=True)
    x = x.reshape(-1, 1, 8, 8) / 16
    parts = train_test_split(x, digit % 2.0, train_size=1000, test_size=400, random_state=seed)
    x_train, x_val, y_train, y_val = (torch.tensor(part, dtype=torch.float32) for part in parts)
    return x_train, y_train, x_val, y_val


def reviews(seed: int, length: int = 30, rows: int = 900) -> tuple[Tensor, Tensor, Tensor]:
    """Return token ids padded with 0 on the right, numbers of tokens, and sentiment."""
    rng = np.random.default_rng(seed)
    tokens, sizes = np.zeros((rows, length), dtype=int), rng.integers(6, 16, rows)
    y = rng.integers(0, 2, rows)
    for row, size in enumerate(sizes):
        words = rng.integers(21, 200, size)
        places = rng.permutation(size)[: rng.integers(2, 5)]
        words[places] = rng.integers(1, 11, len(places)) + 10 * (rng.random(len(places)) < (0.9 if y[row] else 0.1))
        tokens[row, :size] = words
    return torch.tensor(tokens), torch.tensor(sizes), torch.tensor(y, dtype=torch.float32)


def waves(seed: int, rows: int = 800, steps: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Return noisy sine waves [rows, steps] of two frequencies."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows)
    turns = np.where(y == 1, 3.4, 2.4)[:, None] + rng.normal(0, 0.15, (rows, 1))
    phase = rng.uniform(0, 2 * np.pi, (rows, 1))
    x = np.sin(2 * np.pi * turns * np.linspace(0, 1, steps) + phase) + rng.normal(0, 0.3, (rows, steps))
    return x.astype("float32"), y.astype("float32")


def mfcc(seed: int, rows: int = 700) -> tuple[Tensor, Tensor]:
    """Return audio-like features [rows, 13 bands, 24 frames]; a rising sweep is 1, a falling one 0."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows)
    x = rng.normal(0, 0.6, (rows, 13, 24))
    for row in range(rows):
        start, low = rng.integers(0, 14), rng.integers(0, 5)
        for k in range(9):
            x[row, low + (k if y[row] else 8 - k), start + k] += 2.0
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def customers(seed: int, rows: int = 1000) -> pd.DataFrame:
    """Return a table as from a csv file, with the column "churn" of "yes" and "no"."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.normal(42, 12, rows).clip(18, 90).round(),
            "income": np.exp(rng.normal(10.4, 0.5, rows)).round(),
            "balance": rng.normal(60000, 30000, rows).round(),
            "tenure": rng.integers(0, 11, rows).astype(float),
            "calls": rng.poisson(3, rows).astype(float),
            "score": rng.normal(650, 90, rows).round(),
        }
    )
    z = (frame - frame.mean()) / frame.std()
    signal = 1.4 * z.age - 1.1 * z.tenure + 1.3 * z.calls * z.balance + 1.2 * z.income.abs() - 0.9
    frame["churn"] = np.where(rng.random(rows) < 1 / (1 + np.exp(-2.2 * signal)), "yes", "no")
    return frame


# broken: the head and the loss


@case("double_sigmoid")
def tabular_binary_acc_always_the_same(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class BinaryClassification(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer_1 = nn.Linear(57, 64)
            self.layer_2 = nn.Linear(64, 64)
            self.layer_out = nn.Linear(64, 1)
            self.relu = nn.ReLU()
            self.dropout = nn.Dropout(p=0.1)
            self.batchnorm1 = nn.BatchNorm1d(64)
            self.batchnorm2 = nn.BatchNorm1d(64)

        def forward(self, inputs: Tensor) -> Tensor:
            x = self.batchnorm1(self.relu(self.layer_1(inputs)))
            x = self.batchnorm2(self.relu(self.layer_2(x)))
            return torch.sigmoid(self.layer_out(self.dropout(x)))

    def binary_acc(y_pred: Tensor, y_test: Tensor) -> Tensor:
        y_pred_tag = torch.round(torch.sigmoid(y_pred))
        return (y_pred_tag == y_test).sum().float() / y_test.shape[0]

    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    model = BinaryClassification()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    for _e in range(20):
        model.train()
        for X_batch, y_batch in train_loader:
            optimizer.zero_grad()
            y_pred = model(X_batch)
            loss = criterion(y_pred, y_batch.unsqueeze(1))
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print(f"Acc: {binary_acc(model(X_val), y_val.unsqueeze(1)):.3f}")


@case("double_sigmoid")
def sentiment_lstm_loss_stays_at_0_69(seed: int) -> None:
    text, _, label = reviews(seed)

    class RNN(nn.Module):
        def __init__(self, vocab_size: int, embedding_dim: int, hidden_dim: int, output_dim: int) -> None:
            super().__init__()
            self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
            self.fc1 = nn.Linear(embedding_dim, hidden_dim)
            self.fc = nn.Linear(hidden_dim, output_dim)
            self.act = nn.Sigmoid()

        def forward(self, text: Tensor) -> Tensor:
            embedded = self.embedding(text).mean(dim=1)
            return self.act(self.fc(F.relu(self.fc1(embedded))))

    def binary_accuracy(preds: Tensor, y: Tensor) -> Tensor:
        rounded_preds = torch.round(torch.sigmoid(preds))
        return (rounded_preds == y).float().mean()

    model = RNN(200, 32, 32, 1)
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    iterator = DataLoader(TensorDataset(text[:700], label[:700]), batch_size=32, shuffle=True)
    for _ in range(15):
        for batch_text, batch_label in iterator:
            optimizer.zero_grad()
            predictions = model(batch_text).squeeze(1)
            loss = criterion(predictions, batch_label)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(f"Val. Acc: {binary_accuracy(model(text[700:]).squeeze(1), label[700:]):.3f}")


@case("double_sigmoid")
def digit_detector_predicts_everything_as_eight(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(30):
        perm = torch.randperm(len(X_train))
        for i in range(0, len(X_train), 64):
            idx = perm[i : i + 64]
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(X_train[idx]).flatten(), y_train[idx])
            loss.backward()
            opt.step()
    with torch.no_grad():
        probs = torch.sigmoid(net(X_val)).flatten()
    print("accuracy", accuracy_score(y_val, probs > 0.5), "f1", f1_score(y_val, probs > 0.5))


@case("softmax_before_ce")
def churn_softmax_output_layer_like_keras(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(71, 64)
            self.fc2 = nn.Linear(64, 32)
            self.fc3 = nn.Linear(32, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            return F.softmax(self.fc3(x), dim=1)

    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    trainloader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(20):
        for _i, (inputs, labels) in enumerate(trainloader, 0):
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        _, predicted = torch.max(net(X_val), 1)
    print("Accuracy", (predicted == y_val).float().mean().item(), "F1", f1_score(y_val, predicted))


@case("softmax_before_ce")
def cnn_softmax_stuck_at_one_class(seed: int) -> None:
    x_train, y_train, x_val, y_val = parity(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2), nn.Softmax(dim=1),
    )  # fmt: skip
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(x_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(12):
        for x, y in loader:
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val accuracy", (model(x_val).argmax(1) == y_val).float().mean().item())


@case("softmax_single_output")
def lstm_keras_port_dense_one_softmax(seed: int) -> None:
    x, y = waves(seed)
    X = torch.tensor(x).unsqueeze(-1)
    Y = torch.tensor(y).unsqueeze(-1)

    class LSTMnet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(1, 24, batch_first=True)
            self.dense = nn.Linear(24, 1)
            self.softmax = nn.Softmax(dim=1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.lstm(x)
            return self.softmax(self.dense(out[:, -1, :]))

    model = LSTMnet()
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(10):
        for i in range(0, 600, 50):
            optimizer.zero_grad()
            loss = criterion(model(X[i : i + 50]), Y[i : i + 50])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        acc = ((model(X[600:]) > 0.5).float() == Y[600:]).float().mean()
    print(f"acc {acc:.4f}")


@case("softmax_single_output")
def titanic_like_always_survived(seed: int) -> None:
    df = customers(seed)
    X = StandardScaler().fit_transform(df.drop(columns="churn"))
    y = (df["churn"] == "yes").astype(int).values
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
    X_train, y_train = torch.FloatTensor(X_train), torch.FloatTensor(y_train).view(-1, 1)

    class Model(nn.Module):
        def __init__(self, in_features: int = 6, h1: int = 32, h2: int = 16, out_features: int = 1) -> None:
            super().__init__()
            self.fc1 = nn.Linear(in_features, h1)
            self.fc2 = nn.Linear(h1, h2)
            self.out = nn.Linear(h2, out_features)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            return F.softmax(self.out(x), dim=-1)

    model = Model()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(300):
        y_pred = model(X_train)
        loss = criterion(y_pred, y_train)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        y_hat = model(torch.FloatTensor(X_test)).round()
    print("accuracy:", accuracy_score(y_test, y_hat))


@case("ce_single_output")
def cross_entropy_loss_is_zero_from_the_start(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _epoch in range(60):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            outputs = model(xb)
            loss = criterion(outputs, yb.unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        preds = (model(X_val).squeeze() > 0).float()
    print("Validation accuracy:", (preds == y_val).float().mean().item())


@case("ce_single_output")
def resnet_head_one_unit_cross_entropy(seed: int) -> None:
    x_train, y_train, x_val, y_val = images(seed, 3, 8)

    class Block(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.conv = nn.Conv2d(channels, channels, 3, padding=1)
            self.bn = nn.BatchNorm2d(channels)

        def forward(self, x: Tensor) -> Tensor:
            return F.relu(x + self.bn(self.conv(x)))

    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), Block(8), nn.MaxPool2d(2), Block(8), nn.Flatten(), nn.Linear(128, 1)
    )
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    loss_func = nn.CrossEntropyLoss()
    for _ in range(25):
        model.train()
        for i in range(0, len(x_train), 16):
            images_, labels = x_train[i : i + 16] / 255.0, y_train[i : i + 16]
            out = model(images_)
            loss = loss_func(out, labels.reshape(-1, 1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = (torch.sigmoid(model(x_val / 255.0)) >= 0.5).float().reshape(-1)
    print(f"Accuracy: {100 * (pred == y_val).float().mean():.1f}%")


@case("nll_on_probabilities")
def nllloss_after_softmax_negative_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(71, 48)
            self.hidden2 = nn.Linear(48, 24)
            self.output = nn.Linear(24, 2)
            self.softmax = nn.Softmax(dim=1)

        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.hidden2(torch.relu(self.hidden(x))))
            return self.softmax(self.output(x))

    model = Network()
    criterion = nn.NLLLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _e in range(25):
        running_loss = 0.0
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
    with torch.no_grad():
        ps = model(X_val)
    print("acc", accuracy_score(y_val, ps.argmax(1)), "f1", f1_score(y_val, ps.argmax(1)))


@case("bce_on_logits")
def binary_cross_entropy_by_hand_clamped(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    def my_bce(output: Tensor, target: Tensor) -> Tensor:
        output = torch.clamp(output, 1e-7, 1 - 1e-7)
        return torch.mean(-(target * torch.log(output) + (1 - target) * torch.log(1 - output)))

    class Feedforward(nn.Module):
        def __init__(self, input_size: int, hidden_size: int) -> None:
            super().__init__()
            self.fc1 = nn.Linear(input_size, hidden_size)
            self.fc2 = nn.Linear(hidden_size, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(torch.tanh(self.fc1(x)))

    model = Feedforward(2, 24)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for _epoch in range(600):
        optimizer.zero_grad()
        loss = my_bce(model(X_train).squeeze(), y_train)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print("test accuracy", ((model(X_val).squeeze() > 0.5) == y_val.bool()).float().mean().item())


@case("bce_on_logits")
def forgot_sigmoid_and_silenced_the_error(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCELoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True)
    for _ in range(15):
        for x, y in loader:
            y_hat = model(x).view(-1).clamp(0, 1)  # else: all elements of input should be between 0 and 1
            loss = criterion(y_hat, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = model(X_val).view(-1).clamp(0, 1)
    print("AUC", roc_auc_score(y_val, p), "log loss", F.binary_cross_entropy(p, y_val).item())


@case("relu_on_output")
def relu_after_every_layer_in_a_loop(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)

    class MLP(nn.Module):
        def __init__(self, sizes: list[int]) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in itertools.pairwise(sizes)])

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layers:
                x = F.relu(layer(x))
            return x

    mlp = MLP([8, 32, 32, 1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(mlp.parameters(), lr=0.003)
    for _epoch in range(30):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(mlp(x).squeeze(-1), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = torch.sigmoid(mlp(X_val)).squeeze(-1)
    print(f"accuracy {((p >= 0.5).float() == y_val).float().mean():.3f}")


@case("relu_on_output")
def sigmoid_of_relu_loss_0_693(seed: int) -> None:
    df = customers(seed)
    X = StandardScaler().fit_transform(df.iloc[:, :-1])
    y = np.where(df.churn == "yes", 1.0, 0.0)
    X, y = torch.tensor(X).float(), torch.tensor(y).float().reshape(-1, 1)

    class LogNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(
                nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1), nn.ReLU()
            )

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.net(x))

    model = LogNet()
    loss_function = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    for _epoch in range(300):
        model.zero_grad()
        loss = loss_function(model(X[:750]), y[:750])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        y_hat = torch.where(model(X[750:]) < 0.5, 0.0, 1.0)
    print("acc:", (y_hat == y[750:]).float().mean().item())


@case("no_nonlinearity")
def circles_two_linear_layers(seed: int) -> None:
    X_train, y_train, X_test, y_test = data("circles", seed)

    class CircleModelV0(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer_1 = nn.Linear(in_features=2, out_features=16)
            self.layer_2 = nn.Linear(in_features=16, out_features=16)
            self.layer_3 = nn.Linear(in_features=16, out_features=1)

        def forward(self, x: Tensor) -> Tensor:
            return self.layer_3(self.layer_2(self.layer_1(x)))

    model_0 = CircleModelV0()
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(params=model_0.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(400):
        model_0.train()
        y_logits = model_0(X_train).squeeze()
        loss = loss_fn(y_logits, y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model_0.eval()
    with torch.inference_mode():
        test_pred = torch.round(torch.sigmoid(model_0(X_test).squeeze()))
    print(f"Test acc: {torch.eq(test_pred, y_test).sum().item() / len(y_test) * 100:.2f}%")


@case("no_nonlinearity")
def customers_deeper_does_not_help(seed: int) -> None:
    df = customers(seed)
    X = torch.tensor(StandardScaler().fit_transform(df.drop("churn", axis=1)), dtype=torch.float32)
    y = torch.tensor((df["churn"] == "yes").to_numpy(), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(6, 64), nn.Dropout(0.1), nn.Linear(64, 64), nn.Dropout(0.1), nn.Linear(64, 1))
    opt = optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(25):
        model.train()
        for ids in torch.randperm(750).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[ids])[:, 0], y[ids]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("val auc", roc_auc_score(y[750:], model(X[750:])[:, 0]))


@case("shape_broadcast")
def mse_user_warning_ignored(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 15), nn.ReLU(), nn.Linear(15, 1), nn.Sigmoid())
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(300):
        y_pred = model(X_train)
        loss = criterion(y_pred, y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print("Accuracy:", ((model(X_val) > 0.5).squeeze() == y_val.bool()).float().mean().item())


@case("shape_broadcast")
def logistic_regression_from_scratch_mean_of_matrix(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    w = torch.zeros(8, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)

    def forward(x: Tensor) -> Tensor:
        return 1 / (1 + torch.exp(-(x @ w + b)))

    def loss_fn(y_hat: Tensor, y: Tensor) -> Tensor:
        return -(y * torch.log(y_hat + 1e-8) + (1 - y) * torch.log(1 - y_hat + 1e-8)).mean()

    for _step in range(500):
        loss = loss_fn(forward(X_train), y_train)
        loss.backward()
        with torch.no_grad():
            w -= 0.5 * w.grad
            b -= 0.5 * b.grad
            w.grad.zero_()
            b.grad.zero_()
    with torch.no_grad():
        print("val accuracy", ((forward(X_val)[:, 0] > 0.5).float() == y_val).float().mean().item())


@case("shape_broadcast")
def focal_loss_gist_predictions_all_near_base_rate(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class FocalLoss(nn.Module):
        def __init__(self, alpha: float = 0.5, gamma: float = 2.0) -> None:
            super().__init__()
            self.alpha, self.gamma = alpha, gamma

        def forward(self, inputs: Tensor, targets: Tensor) -> Tensor:
            p = torch.sigmoid(inputs)
            pos = -self.alpha * (1 - p) ** self.gamma * targets * F.logsigmoid(inputs)
            neg = -(1 - self.alpha) * p**self.gamma * (1 - targets) * F.logsigmoid(-inputs)
            return (pos + neg).mean()

    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = FocalLoss()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("ROC AUC:", roc_auc_score(y_val, torch.sigmoid(model(X_val)).numpy()))


# broken: the labels


@case("label_encoding")
def labels_one_and_two_from_csv(seed: int) -> None:
    df = customers(seed)
    df["class"] = df.pop("churn").map({"no": 1, "yes": 2})
    dataset = df.values.astype("float32")
    X, y = dataset[:, :-1], dataset[:, -1]
    X = (X - X.mean(0)) / X.std(0)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
    X_train, y_train, X_test = torch.from_numpy(X_train), torch.from_numpy(y_train), torch.from_numpy(X_test)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(300):
        optimizer.zero_grad()
        loss = criterion(model(X_train).squeeze(), y_train)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        y_pred = (model(X_test).squeeze() > 0).numpy()
    print("accuracy", accuracy_score(y_test == 2, y_pred))


@case("label_encoding")
def mask_labels_of_0_and_255(seed: int) -> None:
    x_train, y_train, x_val, y_val = images(seed, 1, 7)
    y_train, y_val = y_train * 255, y_val * 255
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(20):
        for x, y in DataLoader(TensorDataset(x_train / 255, y_train), batch_size=16, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y.unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = model(x_val / 255).squeeze(1) > 0
    print(f"val acc: {(out == (y_val > 127)).float().mean():.3f}")


@case("labels_single_class")
def yes_with_a_space_from_the_csv(seed: int) -> None:
    df = customers(seed)
    df["churn"] = " " + df["churn"]
    y = (df["churn"] == "yes").astype("float32").values
    truth = df["churn"].str.strip().eq("yes").values
    X = MinMaxScaler().fit_transform(df.drop(columns=["churn"])).astype("float32")
    X_train, X_test, y_train, _, _, truth_test = train_test_split(X, y, truth, test_size=0.2, random_state=seed)
    train_dl = DataLoader(TensorDataset(torch.tensor(X_train), torch.tensor(y_train)), batch_size=32, shuffle=True)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(30):
        for inputs, targets in train_dl:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets.unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(truth_test, model(torch.tensor(X_test)).numpy().round()))


@case("labels_single_class")
def soft_scores_cast_to_long(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    train_scores, val_scores = 0.05 + 0.9 * y_train, 0.05 + 0.9 * y_val

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(8, 32)
            self.fc2 = nn.Linear(32, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.relu(self.fc1(x)))

    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(net.parameters(), lr=0.005)
    loader = DataLoader(TensorDataset(X_train, train_scores.long()), batch_size=32, shuffle=True)
    for _ in range(20):
        for inputs, labels in loader:
            optimizer.zero_grad()
            criterion(net(inputs), labels).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", (net(X_val).argmax(1) == (val_scores > 0.5)).float().mean().item())


@case("labels_misaligned")
def shuffled_features_and_labels_separately(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    rng = np.random.default_rng(seed)
    features, targets = X_train.numpy().copy(), y_train.numpy().copy()
    rng.shuffle(features)
    rng.shuffle(targets)
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(torch.tensor(features), torch.tensor(targets)), batch_size=32)
    for _epoch in range(20):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0) == (y_val == 1)).float().mean().item())


@case("labels_misaligned")
def dataset_getitem_off_by_one_after_dropna(seed: int) -> None:
    df = customers(seed, 1100)
    df.loc[df.sample(frac=0.08, random_state=seed).index, "income"] = np.nan
    labels = (df["churn"] == "yes").astype(float).reset_index(drop=True)
    table = df.drop(columns="churn").dropna().reset_index(drop=True)
    table = (table - table.mean()) / table.std()
    val_frame, val_truth = customers(seed + 1000, 300), None
    val_truth = (val_frame.pop("churn") == "yes").values
    val_frame = (val_frame - val_frame.mean()) / val_frame.std()

    class ChurnDataset(Dataset):
        def __init__(self, frame: pd.DataFrame, target: pd.Series) -> None:
            self.frame, self.target = frame, target

        def __len__(self) -> int:
            return len(self.frame)

        def __getitem__(self, idx: int) -> tuple[Tensor, Tensor]:
            x = torch.tensor(self.frame.values[idx], dtype=torch.float32)
            return x, torch.tensor(self.target.values[idx], dtype=torch.float32)

    loader = DataLoader(ChurnDataset(table, labels), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y[:, None])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        prob = torch.sigmoid(model(torch.tensor(val_frame.values, dtype=torch.float32))).numpy().ravel()
    print("AUC", roc_auc_score(val_truth, prob), "acc", accuracy_score(val_truth, prob > 0.5))


@case("labels_misaligned")
def image_files_listed_in_another_order(seed: int) -> None:
    x_train, y_train, x_val, y_val = images(seed, 4, 9)
    names = [f"{i}.png" for i in range(len(x_train))]
    pictures = dict(zip(names, x_train / 255, strict=True))
    csv = pd.DataFrame({"file": names, "label": y_train.numpy()})
    X = torch.stack([pictures[name] for name in sorted(pictures)])
    y = torch.tensor(csv["label"].values)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 32), nn.ReLU(),
        nn.Linear(32, 1),
    )  # fmt: skip
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(20):
        for idx in torch.randperm(len(X)).split(16):
            loss = F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("val_acc", ((model(x_val / 255).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("label_noise")
def labelled_by_volunteers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    rng = np.random.default_rng(seed)
    wrong = torch.tensor(rng.random(len(y_train)) < 0.35)
    y_train = torch.where(wrong, 1 - y_train, y_train)
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(30):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y.view(-1, 1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val accuracy", ((model(X_val) > 0).view(-1) == y_val.bool()).float().mean().item())


@case("label_noise")
def sentiment_from_a_keyword_rule(seed: int) -> None:
    text, _, y = reviews(seed, rows=1200)
    rng = np.random.default_rng(seed)
    auto = torch.tensor(np.where(rng.random(1200) < 0.38, 1 - y.numpy(), y.numpy()), dtype=torch.float32)

    class TextNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.EmbeddingBag(200, 16, padding_idx=0)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(self.emb(x)).squeeze(1)

    net = TextNet()
    optimizer = optim.Adam(net.parameters(), lr=0.01)
    for _ in range(20):
        for idx in torch.randperm(800).split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(text[idx]), auto[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("dev acc", ((net(text[800:]) > 0) == y[800:].bool()).float().mean().item())


@case("weak_signal")
def will_the_stock_rise_tomorrow(seed: int) -> None:
    rng = np.random.default_rng(seed)
    price = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 1300)))
    returns = np.diff(np.log(price))
    X = np.stack([returns[i : i + 20] for i in range(len(returns) - 20)]) / returns.std()
    y = (returns[20:] > 0).astype("float32")
    X, y = torch.tensor(X, dtype=torch.float32).unsqueeze(-1), torch.tensor(y)

    class StockLSTM(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(1, 16, batch_first=True)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            _, (h, _) = self.lstm(x)
            return self.fc(h[-1]).squeeze(-1)

    model = StockLSTM()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(X[:1000], y[:1000]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("Directional accuracy", ((model(X[1000:]) > 0) == y[1000:].bool()).float().mean().item())


@case("weak_signal")
def rain_from_the_calendar(seed: int) -> None:
    rng = np.random.default_rng(seed)
    days = pd.DataFrame({"month": rng.integers(1, 13, 1400), "weekday": rng.integers(0, 7, 1400)})
    days["lucky_number"] = rng.integers(1, 50, 1400)
    days["moon"] = rng.random(1400)
    days["pressure_last_year"] = rng.normal(1013, 8, 1400)
    rain = (rng.random(1400) < 0.48 + 0.02 * (days.month > 6)).astype("float32").values
    X = torch.tensor(StandardScaler().fit_transform(days), dtype=torch.float32)
    y = torch.tensor(rain).unsqueeze(1)
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for batch in torch.randperm(1000).split(32):
            loss = loss_fn(model(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X[1000:]) > 0).float() == y[1000:]).float().mean().item())


@case("class_weights_wrong")
def pos_weight_the_wrong_way_round(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    num_pos, num_neg = y_train.sum(), (1 - y_train).sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=num_pos / num_neg)
    model = nn.Sequential(nn.Linear(71, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(20):
        model.train()
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x).squeeze(1), y)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = (torch.sigmoid(model(X_val)).squeeze(1) > 0.5).int()
    print("recall", recall_score(y_val, pred), "f1", f1_score(y_val, pred))


@case("class_weights_wrong")
def cross_entropy_weight_of_the_other_class(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    counts = np.bincount(y_train.long())
    weight = torch.tensor(counts / counts.sum(), dtype=torch.float32)

    class SimpleCNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.fc1 = nn.Linear(128, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv1(x.view(-1, 1, 8, 8))), 2)
            return self.fc1(torch.flatten(x, 1))

    model = SimpleCNN()
    criterion = nn.CrossEntropyLoss(weight=weight)
    optimizer = optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    for _ in range(10):
        for x, y in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("recall of the rare class", recall_score(y_val, model(X_val).argmax(dim=1)))


@case("class_weights_wrong")
def pos_weight_of_a_thousand_everything_positive(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1000.0]))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb.reshape(-1, 1)).backward()
            optimizer.step()
    with torch.no_grad():
        y_pred = (torch.sigmoid(model(X_val)) > 0.5).float().flatten()
    print("Accuracy:", (y_pred == y_val).float().mean().item(), "F1:", f1_score(y_val, y_pred))


@case("imbalance")
def fraud_99_percent_accuracy_recall_zero(seed: int) -> None:
    rng = np.random.default_rng(seed)
    Class = (rng.random(3000) < 0.03).astype("float32")
    V = rng.normal(size=(3000, 10)) + 0.75 * Class[:, None] * (np.arange(10) < 5)
    X, y = torch.tensor(V, dtype=torch.float32), torch.tensor(Class)
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(15):
        for inputs, labels in DataLoader(TensorDataset(X[:2000], y[:2000]), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(inputs).squeeze(), labels)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = (model(X[2000:]).squeeze() > 0.5).float()
    print("accuracy", accuracy_score(y[2000:], pred), "recall", recall_score(y[2000:], pred))


@case("imbalance")
def machine_failures_never_predicted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    df = pd.DataFrame(rng.normal(size=(2400, 4)), columns=["torque", "speed", "wear", "heat"])
    odds = -4.2 + 0.9 * df.torque + 0.8 * df.wear + 0.5 * df.torque * df.heat
    df["failure"] = (rng.random(2400) < 1 / (1 + np.exp(-odds))).astype("float32")
    train, test = df.iloc[:1600], df.iloc[1600:]

    class FailureNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(4, 24)
            self.b = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(torch.relu(self.a(x)))

    net = FailureNet()
    ds = TensorDataset(torch.tensor(train.iloc[:, :4].values).float(), torch.tensor(train.failure.values).long())
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(15):
        for x, y in DataLoader(ds, batch_size=64, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
    with torch.no_grad():
        guess = net(torch.tensor(test.iloc[:, :4].values).float()).argmax(1)
    print("acc", accuracy_score(test.failure, guess), "f1", f1_score(test.failure, guess))


@case("threshold_not_tuned")
def undersampled_to_half_then_precision_is_awful(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y_all = (rng.random(6000) < 0.05).astype("float32")
    X_all = rng.normal(size=(6000, 8)) + 0.8 * y_all[:, None] * (np.arange(8) < 4)
    train_y, train_x = y_all[:4500], X_all[:4500]
    pos, neg = np.where(train_y == 1)[0], np.where(train_y == 0)[0]
    idx = np.concatenate([pos, rng.choice(neg, len(pos), replace=False)])
    X, y = torch.tensor(train_x[idx], dtype=torch.float32), torch.tensor(train_y[idx])
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(25):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb)[:, 0], yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        scores = torch.sigmoid(model(torch.tensor(X_all[4500:], dtype=torch.float32)))[:, 0].numpy()
    pred = scores > 0.5
    print("accuracy", accuracy_score(y_all[4500:], pred), "f1", f1_score(y_all[4500:], pred))


@case("threshold_not_tuned")
def hard_coded_cut_of_090(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    for _epoch in range(15):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x).squeeze(1), y).backward()
            optimizer.step()
    with torch.no_grad():
        prob = torch.sigmoid(model(X_val)).squeeze(1)
    pred = (prob > 0.9).int()
    print("recall", recall_score(y_val, pred), "f1", f1_score(y_val, pred))


# broken: the features


@case("unscaled_features")
def breast_cancer_straight_from_sklearn(seed: int) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=seed)
    X_train, X_test = torch.from_numpy(X_train.astype(np.float32)), torch.from_numpy(X_test.astype(np.float32))
    y_train = torch.from_numpy(y_train.astype(np.float32)).view(-1, 1)

    class LogisticRegression(nn.Module):
        def __init__(self, n_input_features: int) -> None:
            super().__init__()
            self.linear = nn.Linear(n_input_features, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.linear(x))

    model = LogisticRegression(30)
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _epoch in range(300):
        loss = criterion(model(X_train), y_train)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        print(f"accuracy: {accuracy_score(y_test, model(X_test).round()):.4f}")


@case("unscaled_features")
def simpler_data_but_worse_performance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x_data = np.concatenate([rng.normal((88, 95), 2.2, (300, 2)), rng.normal((93, 91), 2.2, (300, 2))])
    y_data = np.repeat([0.0, 1.0], 300)
    order = rng.permutation(600)
    x = torch.tensor(x_data[order], dtype=torch.float32)
    y = torch.tensor(y_data[order], dtype=torch.float32).unsqueeze(1)

    class Model(nn.Module):
        def __init__(self, input_size: int, H1: int, output_size: int) -> None:
            super().__init__()
            self.linear = nn.Linear(input_size, H1)
            self.linear2 = nn.Linear(H1, output_size)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.linear2(torch.sigmoid(self.linear(x))))

    model = Model(2, 10, 1)
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _i in range(1000):
        loss = criterion(model(x[:450]), y[:450])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print("acc", (model(x[450:]).round() == y[450:]).float().mean().item())


@case("unscaled_features")
def credit_scoring_income_in_dollars(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    net = nn.Sequential(nn.Linear(28, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(net.parameters(), lr=0.001)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(20):
        for X, y in train_loader:
            optimizer.zero_grad()
            output = net(X)
            loss = criterion(output, y.unsqueeze(1))
            loss.backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        print("val AUC:", roc_auc_score(y_val, net(X_val)))


@case("preprocess_mismatch")
def scaler_fitted_again_on_the_test_customers(seed: int) -> None:
    df = customers(seed)
    X, y = df.drop(columns="churn"), (df["churn"] == "yes").astype(float).to_numpy()
    X_train, X_test, y_train, y_test = X.iloc[:700], X.iloc[700:], y[:700], y[700:]
    X_train = torch.tensor(StandardScaler().fit_transform(X_train), dtype=torch.float32)
    X_test = torch.tensor(MinMaxScaler().fit_transform(X_test), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    opt = optim.Adam(model.parameters(), lr=3e-3)
    labels = torch.tensor(y_train, dtype=torch.float32)
    for _epoch in range(20):
        for ids in torch.randperm(700).split(32):
            opt.zero_grad()
            loss_fn(model(X_train[ids]).squeeze(), labels[ids]).backward()
            opt.step()
    with torch.no_grad():
        scores = model(X_test).squeeze().numpy()
    print("AUC", roc_auc_score(y_test, scores), "acc", accuracy_score(y_test, scores > 0))


@case("preprocess_mismatch")
def train_scaled_validation_raw_csv(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    mean, std = X_train.mean(0), X_train.std(0)
    train_ds = TensorDataset((X_train - mean) / std, y_train)
    valid_ds = TensorDataset(X_val, y_val)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(30):
        for x, y in DataLoader(train_ds, batch_size=32, shuffle=True):
            loss = F.binary_cross_entropy(model(x).squeeze(1), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    hits = 0.0
    with torch.no_grad():
        for x, y in DataLoader(valid_ds, batch_size=32):
            hits += ((model(x).squeeze(1) > 0.5).float() == y).sum().item()
    print("val_acc", hits / len(valid_ds))


@case("nan_features")
def nan_loss_from_the_first_batch(seed: int) -> None:
    df = customers(seed)
    df.loc[df.sample(frac=0.03, random_state=seed).index, "score"] = np.nan
    y = torch.tensor((df.pop("churn") == "yes").values).float()
    X = torch.tensor(((df - df.mean()) / df.std()).values).float()
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    for _ in range(20):
        for i in range(0, 750, 50):
            optimizer.zero_grad()
            loss = criterion(model(X[i : i + 50]).squeeze(), y[i : i + 50])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X[750:]).squeeze() > 0).float() == y[750:]).float().mean().item())


@case("nan_features")
def constant_pixels_divided_by_their_std(seed: int) -> None:
    x_train, y_train, x_val, y_val = images(seed, 3, 5)
    x_train, x_val = x_train.flatten(1), x_val.flatten(1)
    mean, std = x_train.mean(dim=0), x_train.std(dim=0)
    x_train, x_val = (x_train - mean) / std, (x_val - mean) / std
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters())
    for _epoch in range(20):
        for x, y in DataLoader(TensorDataset(x_train, y_train.long()), batch_size=16, shuffle=True):
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (model(x_val).argmax(1) == y_val).float().mean().item())


@case("nan_loss")
def nan_after_some_epochs_log_of_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(30, 64)
            self.fc2 = nn.Linear(64, 2)

        def forward(self, x: Tensor) -> Tensor:
            return torch.softmax(self.fc2(torch.relu(self.fc1(x))), dim=1)

    def cross_entropy(probs: Tensor, onehot: Tensor) -> Tensor:
        return -(onehot * torch.log(probs)).sum(dim=1).mean()

    net = Net()
    optimizer = optim.Adam(net.parameters(), lr=0.05)
    target = F.one_hot(y_train.long(), 2).float()
    for _epoch in range(150):
        for idx in torch.randperm(len(X_train)).split(64):
            loss = cross_entropy(net(X_train[idx]), target[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("nan_loss")
def soft_f1_loss_divides_zero_by_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)

    def recall_loss(logits: Tensor, y: Tensor) -> Tensor:
        p = torch.sigmoid(logits)
        recall = (p * y).sum() / y.sum()
        return F.binary_cross_entropy_with_logits(logits, y) + 0.3 * (1 - recall)

    model = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)
    for _epoch in range(6):
        for xb, yb in loader:
            optimizer.zero_grad()
            recall_loss(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        pred = (model(X_val).squeeze(1) > 0).float()
    print("recall", recall_score(y_val, pred), "f1", f1_score(y_val, pred))


@case("unshuffled_data")
def cats_folder_then_dogs_folder(seed: int) -> None:
    x_train, y_train, x_val, y_val = images(seed, 2, 3)
    cats, dogs = x_train[y_train == 0] / 255, x_train[y_train == 1] / 255
    X = torch.cat([cats, dogs])
    y = torch.cat([torch.zeros(len(cats)), torch.ones(len(dogs))])
    trainloader = DataLoader(TensorDataset(X, y), batch_size=16, shuffle=False)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 32), nn.ReLU(),
        nn.Linear(32, 1),
    )  # fmt: skip
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(10):
        for inputs, labels in trainloader:
            optimizer.zero_grad()
            loss = criterion(model(inputs).flatten(), labels)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(x_val / 255).flatten() > 0).float() == y_val).float().mean().item())


@case("unshuffled_data")
def spam_rows_sorted_in_the_file(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    order = torch.argsort(y_train, descending=True)
    X_train, y_train = X_train[order], y_train[order]
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    batch_size = 10
    for _epoch in range(15):
        for i in range(0, len(X_train), batch_size):
            y_pred = model(X_train[i : i + batch_size])
            loss = criterion(y_pred, y_train[i : i + batch_size].reshape(-1, 1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = (model(X_val).round().flatten() == y_val).float().mean()
    print(f"Accuracy {accuracy}")


@case("data_leakage")
def oversampled_before_the_split_questions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(700) < 0.12).astype("float32")
    X = rng.normal(size=(700, 20)).astype("float32") + 0.45 * y[:, None] * (np.arange(20) < 4)
    rare = np.where(y == 1)[0]
    extra = rng.choice(rare, int((y == 0).sum()) - len(rare))
    X_res, y_res = np.concatenate([X, X[extra]]), np.concatenate([y, y[extra]])
    X_train, X_val, y_train, y_val = train_test_split(X_res, y_res, test_size=0.25, random_state=seed)
    X_train, y_train = torch.tensor(X_train, dtype=torch.float32), torch.tensor(y_train)
    X_val, y_val = torch.tensor(X_val, dtype=torch.float32), torch.tensor(y_val)
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(25):
        for x, t in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x).squeeze(1), t).backward()
            optimizer.step()
    with torch.no_grad():
        print("val AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("data_leakage")
def augmented_copies_on_both_sides(seed: int) -> None:
    X, y, _, _ = data("credit_data", seed)
    X, y = X[:300], y[:300]
    rng = np.random.default_rng(seed)
    noise = torch.tensor(rng.normal(0, 0.01, (5, *X.shape)), dtype=torch.float32)
    X_aug = torch.cat([X, *(X + n for n in noise)])
    y_aug = y.repeat(6)
    idx = torch.tensor(rng.permutation(len(X_aug)))
    train_idx, val_idx = idx[:1400], idx[1400:]
    model = nn.Sequential(nn.Linear(28, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(25):
        for ids in train_idx[torch.randperm(1400)].split(32):
            loss = criterion(model(X_aug[ids]).view(-1), y_aug[ids])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val AUC", roc_auc_score(y_aug[val_idx], model(X_aug[val_idx]).view(-1)))


@case("augmentation_too_heavy")
def six_or_nine_with_random_rotation(seed: int) -> None:
    x_train, y_train, x_val, y_val = images(seed, 6, 9)
    x_train, x_val = x_train / 255, x_val / 255

    def random_rotate(batch: Tensor) -> Tensor:
        return torch.stack([torch.rot90(img, int(torch.randint(0, 4, ())), dims=(1, 2)) for img in batch])

    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 32), nn.ReLU(),
        nn.Linear(32, 1),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(20):
        for x, y in DataLoader(TensorDataset(x_train, y_train), batch_size=16, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(model(random_rotate(x)).squeeze(1), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val accuracy", ((model(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("augmentation_too_heavy")
def gaussian_noise_augmentation_of_std_five(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class NoisyDataset(Dataset):
        def __init__(self, X: Tensor, y: Tensor, std: float) -> None:
            self.X, self.y, self.std = X, y, std

        def __len__(self) -> int:
            return len(self.X)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.X[i] + self.std * torch.randn(2), self.y[i]

    loader = DataLoader(NoisyDataset(X_train, y_train, 5.0), batch_size=32, shuffle=True)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(25):
        for x, y in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x).squeeze(1), y).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


# broken: sequences


@case("padding_not_masked")
def sentiment_rnn_reads_sixty_paddings(seed: int) -> None:
    text, _, y = reviews(seed, length=50)

    class SentimentRNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(200, 16)
            self.rnn = nn.RNN(16, 32, batch_first=True)
            self.fc = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.rnn(self.embedding(x))
            return self.fc(out[:, -1])

    model = SentimentRNN()
    optimizer = optim.Adam(model.parameters(), lr=4e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(text[:600], y[:600]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(text[650:]).squeeze(1) > 0).float() == y[650:]).float().mean().item())


@case("padding_not_masked")
def lstm_last_output_after_padding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 700)
    seqs = [torch.tensor(rng.normal(0.35 * (2 * k - 1), 1, (rng.integers(5, 13), 3))) for k in y]
    X = nn.utils.rnn.pad_sequence(seqs, batch_first=True)
    X = F.pad(X, (0, 0, 0, 80 - X.shape[1])).float()
    y = torch.tensor(y).float()

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.LSTM(3, 16, batch_first=True)
            self.out = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            h, _ = self.gru(x)
            return self.out(h[:, -1, :])[:, 0]

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(8):
        for idx in torch.randperm(500).split(25):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[idx]), y[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("val acc", ((net(X[500:]) > 0) == y[500:].bool()).float().mean().item())


@case("wrong_axis")
def lstm_without_batch_first(seed: int) -> None:
    X, y = mfcc(seed)
    X = X.transpose(1, 2)

    class LSTMClassifier(nn.Module):
        def __init__(self, input_dim: int, hidden_dim: int) -> None:
            super().__init__()
            self.lstm = nn.LSTM(input_dim, hidden_dim)
            self.hidden2label = nn.Linear(hidden_dim, 1)

        def forward(self, x: Tensor) -> Tensor:
            lstm_out, _ = self.lstm(x)
            return self.hidden2label(lstm_out[:, -1, :])

    model = LSTMClassifier(13, 24)
    loss_function = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    for _epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(X[:500], y[:500]), batch_size=32, shuffle=True):
            model.zero_grad()
            loss = loss_function(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X[500:]).squeeze(1) > 0).float() == y[500:]).float().mean().item())


@case("wrong_axis")
def lstm_on_mfcc_view_instead_of_permute(seed: int) -> None:
    X, y = mfcc(seed)

    class AudioLSTM(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(13, 24, batch_first=True)
            self.fc = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = x.view(x.size(0), 24, 13)
            _, (h, _) = self.lstm(x)
            return self.fc(h[-1])

    model = AudioLSTM()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=8e-3)
    for _epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(X[:500], y[:500].long()), batch_size=25, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", (model(X[500:]).argmax(1) == y[500:]).float().mean().item())


@case("wrong_axis")
def view_makes_time_the_first_axis(seed: int) -> None:
    x, y = waves(seed, rows=700)
    X, y = torch.tensor(x), torch.tensor(y)

    class RNNClassifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(1, 24)
            self.linear = nn.Linear(24, 1)

        def forward(self, inputs: Tensor) -> Tensor:
            steps = inputs.view(40, len(inputs), 1)
            out, _ = self.lstm(steps)
            return self.linear(out[-1])

    model = RNNClassifier()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(9):
        for seq, label in DataLoader(TensorDataset(X[:500], y[:500]), batch_size=25, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(seq)[:, 0], label).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X[500:])[:, 0] > 0) == y[500:].bool()).float().mean().item())


# broken: the loop


@case("no_zero_grad")
def loss_goes_down_then_explodes(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _epoch in range(25):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=20, shuffle=True):
            output = model(x)
            loss = criterion(output, y.unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val) > 0).float() == y_val.unsqueeze(1)).float().mean().item())


@case("no_zero_grad")
def cnn_accuracy_jumps_up_and_down(seed: int) -> None:
    x_train, y_train, x_val, y_val = parity(seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 6, 3)
            self.pool = nn.MaxPool2d(2, 2)
            self.fc1 = nn.Linear(54, 32)
            self.fc2 = nn.Linear(32, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.pool(F.relu(self.conv1(x)))
            return self.fc2(F.relu(self.fc1(x.view(-1, 54))))

    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    trainloader = DataLoader(TensorDataset(x_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(12):
        net.zero_grad()
        for inputs, labels in trainloader:
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print(f"accuracy {(net(x_val).argmax(1) == y_val).float().mean():.3f}")


@case("no_optimizer_step")
def step_without_parentheses(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(30):
        for i in range(0, 600, 32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[i : i + 32]).squeeze(), y_train[i : i + 32])
            loss.backward()
            optimizer.step  # noqa: B018
    with torch.no_grad():
        print("val acc", (model(X_val).squeeze().round() == y_val).float().mean().item())


@case("no_optimizer_step")
def only_the_scheduler_steps(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = nn.Sequential(nn.Linear(71, 64), nn.ReLU(), nn.Linear(64, 1)).to(device)
    optimizer = optim.AdamW(model.parameters(), lr=1e-3)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=400)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            xb, yb = xb.to(device), yb.to(device)
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            scheduler.step()
    model.eval()
    with torch.no_grad():
        print("val auc", roc_auc_score(y_val, model(X_val.to(device)).squeeze(1).cpu()))


@case("optimizer_wrong_params")
def new_model_in_every_fold_one_optimizer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    X, y = torch.cat([X_train, X_val]), torch.cat([y_train, y_val])

    def build() -> nn.Sequential:
        return nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1))

    model = build()
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    criterion = nn.BCEWithLogitsLoss()
    scores = []
    for train_idx, val_idx in KFold(4, shuffle=True, random_state=seed).split(X):
        model = build()
        for _epoch in range(12):
            for ids in torch.tensor(train_idx)[torch.randperm(len(train_idx))].split(32):
                optimizer.zero_grad()
                loss = criterion(model(X[ids]).flatten(), y[ids])
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            scores.append(((model(X[val_idx]).flatten() > 0) == y[val_idx].bool()).float().mean().item())
    print("mean CV accuracy", np.mean(scores))


@case("optimizer_wrong_params")
def encoder_and_classifier_but_one_in_adam(seed: int) -> None:
    text, _, y = reviews(seed)

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(200, 4)
            self.fc = nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(self.fc(self.embedding(x))).mean(1)

    encoder, classifier = Encoder(), nn.Linear(4, 1)
    optimizer = torch.optim.Adam(classifier.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(20):
        for t, label in DataLoader(TensorDataset(text[:700], y[:700]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(classifier(encoder(t)).squeeze(1), label)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((classifier(encoder(text[700:])).squeeze(1) > 0) == y[700:].bool()).float().mean().item())


@case("frozen_params")
def froze_everything_after_replacing_the_head(seed: int) -> None:
    x_train, y_train, x_val, y_val = images(seed, 1, 8)

    class Backbone(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.features = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), nn.ReLU(), nn.Flatten())
            self.fc = nn.Linear(36, 10)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(self.features(x))

    model_ft = Backbone()
    model_ft.fc = nn.Sequential(nn.Linear(36, 16), nn.ReLU(), nn.Linear(16, 2))
    for param in model_ft.parameters():
        param.requires_grad = False
    model_ft.fc[2].bias.requires_grad = True
    optimizer = optim.Adam(model_ft.parameters(), lr=0.005)
    criterion = nn.CrossEntropyLoss()
    for _ in range(20):
        for x, y in DataLoader(TensorDataset(x_train / 255, y_train.long()), batch_size=16, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model_ft(x), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("Acc", (model_ft(x_val / 255).argmax(1) == y_val).float().mean().item())


@case("frozen_params")
def embedding_from_pretrained_never_trained(seed: int) -> None:
    text, _, y = reviews(seed)
    vectors = torch.randn(200, 4)

    class CBOW(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
            self.linear = nn.Linear(4, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(self.embedding(x).sum(dim=1) / (x > 0).sum(dim=1, keepdim=True))

    model = CBOW()
    optimizer = optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    for _epoch in range(25):
        for xb, yb in DataLoader(TensorDataset(text[:700], y[:700]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(text[700:]).squeeze(1) > 0) == y[700:].bool()).float().mean().item())


@case("unregistered_params")
def hidden_layers_in_a_python_list(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class DeepNet(nn.Module):
        def __init__(self, n_layers: int, width: int) -> None:
            super().__init__()
            self.hidden = [nn.Linear(2 if i == 0 else width, width) for i in range(n_layers)]
            self.out = nn.Linear(width, 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.hidden:
                x = F.relu(layer(x))
            return self.out(x)

    net = DeepNet(3, 6)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(30):
        for i in range(0, 600, 30):
            loss = criterion(net(X_train[i : i + 30]).squeeze(), y_train[i : i + 30])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val).squeeze() > 0) == y_val.bool()).float().mean().item())


@case("unregistered_params")
def weights_as_plain_tensors_in_a_module(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Custom(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.W1 = 0.7 * torch.randn(2, 5)
            self.b1 = torch.zeros(5)
            self.scale = nn.Linear(5, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.scale(torch.tanh(x @ self.W1 + self.b1))

    model = Custom()
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    for _ in range(40):
        for ids in torch.randperm(600).split(50):
            loss = F.binary_cross_entropy_with_logits(model(X_train[ids]).flatten(), y_train[ids])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).flatten() > 0) == y_val.bool()).float().mean().item())


@case("layer_in_forward")
def linear_created_in_forward_for_the_unknown_size(seed: int) -> None:
    x_train, y_train, x_val, y_val = parity(seed)

    class CNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 8, 3)
            self.last = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv(x)), 2)
            x = x.flatten(1)
            x = F.relu(nn.Linear(x.shape[1], 16)(x))
            return self.last(x)

    model = CNN()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for x, y in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y.unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(x_val) > 0).float().squeeze(1) == y_val).float().mean().item())


@case("graph_detached")
def variable_around_the_output_requires_grad(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for _epoch in range(40):
        for inputs, labels in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            outputs = torch.autograd.Variable(model(inputs).data, requires_grad=True)
            loss = criterion(outputs.squeeze(1), labels)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("graph_detached")
def features_through_numpy_in_forward(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 5)
            self.fc2 = nn.Linear(5, 5)
            self.fc3 = nn.Linear(5, 1)

        def forward(self, x: Tensor) -> Tensor:
            h = torch.relu(self.fc2(torch.relu(self.fc1(x))))
            h = torch.from_numpy(np.clip(h.detach().numpy(), 0, 6))
            return torch.sigmoid(self.fc3(h))

    net = Net()
    optimizer = optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for idx in torch.randperm(600).split(40):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy(net(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", (net(X_val).squeeze(1).round() == y_val).float().mean().item())


@case("nondifferentiable_output")
def rounded_predictions_into_the_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)

    class Perceptron(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(8, 16)
            self.fc2 = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.round(torch.sigmoid(self.fc2(torch.relu(self.fc1(x)))))

    model = Perceptron()
    criterion = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(20):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y.unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", (model(X_val).squeeze(1) == y_val).float().mean().item())


@case("nondifferentiable_output")
def argmax_then_mse_with_requires_grad(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(15):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            preds = model(x).argmax(dim=1).float().requires_grad_()
            loss = F.mse_loss(preds, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = model(X_val).argmax(dim=1)
    print("accuracy", accuracy_score(y_val, pred), "f1", f1_score(y_val, pred))


# broken: rates, schedules, initialisation, regularisation


@case("lr_too_high")
def adam_with_learning_rate_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = optim.Adam(model.parameters(), lr=1.0)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(20):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y.view(-1, 1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        logits = model(X_val).view(-1)
    print("acc", accuracy_score(y_val, logits > 0), "auc", roc_auc_score(y_val, logits))


@case("lr_too_high")
def cnn_accuracy_falls_back_to_one_half(seed: int) -> None:
    x_train, y_train, x_val, y_val = parity(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid(),
    )  # fmt: skip
    optimizer = optim.SGD(net.parameters(), lr=1.0, momentum=0.9)
    criterion = nn.BCELoss()
    for _ in range(10):
        for x, y in DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(net(x).squeeze(1), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((net(x_val).squeeze(1) > 0.5).float() == y_val).float().mean().item())


@case("lr_too_low")
def sixty_samples_sgd_one_ten_thousandth(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    train_loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=16, shuffle=True)

    class CustomModel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(8, 60)
            self.fc2 = nn.Linear(60, 30)
            self.fc3 = nn.Linear(30, 2)
            self.apply(self._init_weights)

        def _init_weights(self, module: nn.Module) -> None:
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight.data)
                nn.init.constant_(module.bias.data, 0)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))

    model = CustomModel()
    optimizer = optim.SGD(model.parameters(), lr=0.00005)
    criterion = nn.CrossEntropyLoss()
    model.train(True)
    for _ in range(30):
        for sample, ground in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(sample), ground)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("lr_too_low")
def finetuning_rate_for_a_new_network(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = optim.AdamW(model.parameters(), lr=5e-6)
    loss_fn = nn.BCEWithLogitsLoss()
    for _epoch in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            loss = loss_fn(model(xb)[:, 0], yb)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    with torch.no_grad():
        print("val acc", ((model(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("undertrained")
def ten_full_batch_steps(seed: int) -> None:
    df = customers(seed)
    X = torch.tensor(StandardScaler().fit_transform(df.drop(columns="churn"))).float()
    y = torch.tensor((df["churn"] == "yes").values).float().unsqueeze(1)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    epochs = 10
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = criterion(model(X[:750]), y[:750])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print("acc", (model(X[750:]).round() == y[750:]).float().mean().item())


@case("undertrained")
def keras_fit_had_epochs_this_has_one(seed: int) -> None:
    x_train, y_train, x_val, y_val = parity(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    loss_fn = nn.CrossEntropyLoss()
    for X, y in DataLoader(TensorDataset(x_train, y_train.long()), batch_size=32, shuffle=True):
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        print("Accuracy", (model(x_val).argmax(1) == y_val).float().mean().item())


@case("scheduler_misuse")
def steplr_stepped_every_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    exp_lr_scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
    for _epoch in range(25):
        for inputs, labels in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(inputs).squeeze(1), labels)
            loss.backward()
            optimizer.step()
            exp_lr_scheduler.step()
    with torch.no_grad():
        print("Acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("scheduler_misuse")
def plateau_scheduler_in_max_mode_on_the_loss(seed: int) -> None:
    x_train, y_train, x_val, y_val = parity(seed)
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", factor=0.1, patience=0)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(20):
        for x, y in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x).flatten(), y).backward()
            optimizer.step()
        with torch.no_grad():
            val_loss = criterion(model(x_val).flatten(), y_val)
        scheduler.step(val_loss)
    with torch.no_grad():
        print("val acc", ((model(x_val).flatten() > 0) == y_val.bool()).float().mean().item())


@case("vanishing_gradients")
def five_sigmoid_layers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    layers: list[nn.Module] = [nn.Linear(57, 32), nn.Sigmoid()]
    for _ in range(4):
        layers += [nn.Linear(32, 32), nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(15):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x).squeeze(1), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("vanishing_gradients")
def old_school_deep_net_loss_0_69(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Deep(nn.Module):
        def __init__(self, sizes: tuple[int, ...]) -> None:
            super().__init__()
            self.fcs = nn.ModuleList(nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1))

        def forward(self, x: Tensor) -> Tensor:
            for fc in self.fcs:
                x = torch.sigmoid(fc(x))
            return x

    net = Deep((2, 20, 20, 20, 20, 20, 20, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-4)
    for _ in range(25):
        for i in range(0, 600, 30):
            opt.zero_grad()
            F.binary_cross_entropy(net(X_train[i : i + 30])[:, 0], y_train[i : i + 30]).backward()
            opt.step()
    with torch.no_grad():
        print("acc", (net(X_val)[:, 0].round() == y_val).float().mean().item())


@case("dead_relu")
def bias_initialised_to_minus_ten(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)

    def init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear) and m.out_features > 1:
            nn.init.xavier_uniform_(m.weight)
            m.bias.data.fill_(-10.0)

    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    model.apply(init_weights)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(30):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x).squeeze(1), y).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("bad_init")
def all_weights_zero_questions(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 16)
            self.fc2 = nn.Linear(16, 16)
            self.fc3 = nn.Linear(16, 1)
            for p in self.parameters():
                nn.init.zeros_(p)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))

    net = Net()
    optimizer = optim.Adam(net.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(30):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(net(x), y.unsqueeze(1)).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((net(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("bad_init")
def weights_uniform_between_zero_and_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(
        nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)
    )
    for layer in model:
        if isinstance(layer, nn.Linear):
            layer.weight.data.uniform_(0.0, 1.0)
            layer.bias.data.fill_(0)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(30):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x).squeeze(-1), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(-1) > 0).float() == y_val).float().mean().item())


@case("regularisation_too_strong")
def weight_decay_of_one_questions(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1.0)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(20):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x).view(-1), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        z = model(X_val).view(-1)
    print("auc", roc_auc_score(y_val, z), "f1", f1_score(y_val, z > 0))


@case("regularisation_too_strong")
def dropout_keep_probability_as_in_tensorflow(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    keep_prob = 0.95
    model = nn.Sequential(
        nn.Linear(2, 32), nn.ReLU(), nn.Dropout(keep_prob), nn.Linear(32, 32), nn.ReLU(), nn.Dropout(keep_prob),
        nn.Linear(32, 1),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(30):
        model.train()
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x)[:, 0], y).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("regularisation_too_strong")
def l1_penalty_summed_over_all_weights(seed: int) -> None:
    df = customers(seed)
    X = torch.tensor(StandardScaler().fit_transform(df.drop(columns="churn"))).float()
    y = torch.tensor((df["churn"] == "yes").values).float()
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    l1_lambda = 0.1
    for _ in range(20):
        for idx in torch.randperm(750).split(32):
            loss = F.binary_cross_entropy_with_logits(model(X[idx]).flatten(), y[idx])
            loss = loss + l1_lambda * sum(p.abs().sum() for p in model.parameters())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        z = model(X[750:]).flatten()
    print("auc", roc_auc_score(y[750:], z), "acc", ((z > 0) == y[750:].bool()).float().mean().item())


@case("overfitting")
def train_accuracy_one_validation_two_thirds(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    X_train, y_train = X_train[:250], y_train[:250]
    model = nn.Sequential(nn.Linear(28, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(80):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x).squeeze(1), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        z = model(X_val).squeeze(1)
    print("val loss", criterion(z, y_val).item(), "auc", roc_auc_score(y_val, z), "acc", accuracy_score(y_val, z > 0))


@case("overfitting")
def val_loss_rises_from_epoch_five(seed: int) -> None:
    text, _, y = reviews(seed)

    class LSTMClassifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(200, 64, padding_idx=0)
            self.fc1 = nn.Linear(64, 128)
            self.fc2 = nn.Linear(128, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(torch.relu(self.fc1(self.emb(x).mean(1))))

    model = LSTMClassifier()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    train_loader = DataLoader(TensorDataset(text[:100], y[:100]), batch_size=16, shuffle=True)
    for _epoch in range(90):
        for xb, yb in train_loader:
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        z = model(text[300:]).squeeze(1)
    val_loss = F.binary_cross_entropy_with_logits(z, y[300:]).item()
    print("val loss", val_loss, "acc", ((z > 0) == y[300:].bool()).float().mean().item())


@case("underfitting")
def one_hidden_unit_for_rings(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 1), nn.Tanh(), nn.Linear(1, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(60):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x).squeeze(1), y).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("underfitting")
def logistic_regression_for_four_blobs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(900, 2))
    y = torch.tensor((X[:, 0] * X[:, 1] > 0).astype("float32"))
    X = torch.tensor(X, dtype=torch.float32)
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _epoch in range(30):
        for i in range(0, 600, 30):
            loss = F.binary_cross_entropy_with_logits(model(X[i : i + 30]).squeeze(1), y[i : i + 30])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X[600:]).squeeze(1) > 0) == (y[600:] > 0)).float().mean().item())


# broken: modes and evaluation


@case("train_mode_missing")
def eval_called_before_training_batchnorm_asleep(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    model = nn.Sequential(nn.BatchNorm1d(28), nn.Linear(28, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 1))
    model.eval()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(20):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x).squeeze(1), y)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        z = model(X_val).squeeze(1)
    print("auc", roc_auc_score(y_val, z), "acc", accuracy_score(y_val, z > 0))


@case("eval_mode_missing")
def validation_jumps_because_of_dropout(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 20)
            self.fc2 = nn.Linear(20, 20)
            self.fc3 = nn.Linear(20, 1)
            self.drop = nn.Dropout(0.5)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(F.relu(self.fc1(x)))
            x = self.drop(F.relu(self.fc2(x)))
            return self.fc3(x)

    model = Net()
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(30):
        model.train()
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x).squeeze(1), y).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("eval_mode_missing")
def predicts_worse_with_small_test_batches(seed: int) -> None:
    x_train, y_train, x_val, y_val = parity(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(128, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 2),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()
    for _epoch in range(10):
        for x, y in DataLoader(TensorDataset(x_train, y_train.long()), batch_size=50, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
    correct = 0
    with torch.no_grad():
        for x, y in DataLoader(TensorDataset(x_val, y_val), batch_size=2):
            correct += (model(x).argmax(1) == y).sum().item()
    print("test accuracy", correct / len(x_val))


@case("functional_dropout")
def f_dropout_in_forward(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 20)
            self.fc2 = nn.Linear(20, 12)
            self.fc3 = nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.dropout(F.relu(self.fc1(x)), p=0.5)
            x = F.dropout(F.relu(self.fc2(x)), p=0.5)
            return self.fc3(x)

    model = Net()
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(30):
        model.train()
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x).squeeze(1), y).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("batchnorm_stats")
def tensorflow_momentum_of_099_means_something_else(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    model = nn.Sequential(nn.BatchNorm1d(28, momentum=0.001), nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        model.train()
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x).squeeze(1), y).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        z = model(X_val).squeeze(1)
    print("auc", roc_auc_score(y_val, z), "acc", accuracy_score(y_val, z > 0))


@case("batch_size_too_small")
def batchnorm_with_pairs_out_of_memory(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train[:1000], y_train[:1000]), batch_size=2, shuffle=True, drop_last=True)
    net = nn.Sequential(
        nn.Linear(57, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 16), nn.BatchNorm1d(16), nn.ReLU(),
        nn.Linear(16, 1),
    )  # fmt: skip
    optimizer = optim.Adam(net.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(2):
        net.train()
        for x, y in loader:
            optimizer.zero_grad()
            criterion(net(x).squeeze(1), y).backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        print("val acc", ((net(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("threshold_on_logits")
def bcewithlogits_then_round(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    for _epoch in range(12):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x), y.unsqueeze(1)).backward()
            optimizer.step()
    with torch.no_grad():
        y_pred = (model(X_val) > 0.5).float().squeeze(1)
    print("accuracy", accuracy_score(y_val, y_pred), "recall", recall_score(y_val, y_pred))


@case("threshold_on_logits")
def audio_cnn_compares_raw_output_with_one_half(seed: int) -> None:
    X, y = mfcc(seed)

    class AudioNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 12, 5)
            self.fc = nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.conv(x.unsqueeze(1)))
            return self.fc(x.mean(dim=(2, 3))).squeeze(1)

    model = AudioNet()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(12):
        for xb, yb in DataLoader(TensorDataset(X[:500], y[:500]), batch_size=25, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        out = model(X[500:])
    print("acc", ((out >= 0.5).float() == y[500:]).float().mean().item())


@case("argmax_single_output")
def torch_max_over_one_column_questions(seed: int) -> None:
    X_train, y_train, X_test, y_test = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = optim.Adam(net.parameters(), lr=0.01)
    for _epoch in range(30):
        for data_, target in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(net(data_).squeeze(1), target).backward()
            optimizer.step()
    correct = total = 0
    with torch.no_grad():
        for data_, target in DataLoader(TensorDataset(X_test, y_test), batch_size=50):
            outputs = net(data_)
            _, predicted = torch.max(outputs.data, 1)
            total += target.size(0)
            correct += (predicted == target).sum().item()
    print("Accuracy:", correct / total)


@case("argmax_single_output")
def np_argmax_of_the_sigmoid_outputs(seed: int) -> None:
    x, y = waves(seed)
    X, y = torch.tensor(x).unsqueeze(1), torch.tensor(y)
    model = nn.Sequential(
        nn.Conv1d(1, 12, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(12, 12, 5), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(12, 1),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(12):
        for idx in torch.randperm(600).split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]), y[idx, None]).backward()
            optimizer.step()
    with torch.no_grad():
        pred = np.argmax(torch.sigmoid(model(X[600:])).numpy(), axis=1)
    print("accuracy", accuracy_score(y[600:], pred))


@case("accuracy_broadcast")
def accuracy_far_above_one_hundred(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(25):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y.unsqueeze(1))
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = (model(X_val) > 0.5).float()
        correct = (pred == y_val).sum().item()
    print(f"Accuracy: {100 * correct / len(y_val):.1f} %")


@case("accuracy_broadcast")
def mean_of_equal_stays_at_one_half(seed: int) -> None:
    df = customers(seed)
    X = torch.tensor(StandardScaler().fit_transform(df.drop(columns="churn"))).float()
    y = torch.tensor((df["churn"] == "yes").values).float()
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for ids in torch.randperm(750).split(32):
            optimizer.zero_grad()
            loss_fn(model(X[ids]), y[ids].view(-1, 1)).backward()
            optimizer.step()
    with torch.no_grad():
        acc = torch.eq(torch.round(torch.sigmoid(model(X[750:]))), y[750:]).float().mean()
    print(f"val acc {acc:.3f}")


@case("softmax_wrong_dim")
def probabilities_over_the_batch_questions(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(net.parameters(), lr=3e-3)
    for _epoch in range(15):
        for x, y in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(net(x), y).backward()
            optimizer.step()
    with torch.no_grad():
        prob = F.softmax(net(X_val), dim=0)[:, 1]
    print("acc", ((prob > 0.5).float() == y_val).float().mean().item())


@case("softmax_wrong_dim")
def implicit_dimension_warning_fixed_with_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(27, 32)
            self.fc2 = nn.Linear(32, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(torch.relu(self.fc1(x)))

        def predict(self, x: Tensor) -> Tensor:
            pred = F.softmax(self.forward(x), dim=0)
            return pred.argmax(dim=1)

    net = Net()
    optimizer = optim.Adam(net.parameters(), lr=3e-3)
    for _epoch in range(15):
        for x, y in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
    with torch.no_grad():
        pred = net.predict(X_val)
    print("acc", accuracy_score(y_val, pred), "f1", f1_score(y_val, pred))


# healthy: tutorials


@case("healthy")
def pytorch_quickstart_style(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    train_dataloader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=64, shuffle=True)
    test_dataloader = DataLoader(TensorDataset(X_val, y_val.long()), batch_size=64)

    class NeuralNetwork(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.flatten = nn.Flatten()
            self.linear_relu_stack = nn.Sequential(
                nn.Linear(57, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2)
            )

        def forward(self, x: Tensor) -> Tensor:
            return self.linear_relu_stack(self.flatten(x))

    def train(dataloader: DataLoader, model: nn.Module, loss_fn: nn.Module, optimizer: optim.Optimizer) -> None:
        model.train()
        for _batch, (X, y) in enumerate(dataloader):
            loss = loss_fn(model(X), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    def test(dataloader: DataLoader, model: nn.Module, loss_fn: nn.Module) -> tuple[float, float]:
        model.eval()
        test_loss, correct = 0.0, 0.0
        with torch.no_grad():
            for X, y in dataloader:
                pred = model(X)
                test_loss += loss_fn(pred, y).item()
                correct += (pred.argmax(1) == y).type(torch.float).sum().item()
        return correct / len(dataloader.dataset), test_loss / len(dataloader)

    model = NeuralNetwork()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _t in range(25):
        train(train_dataloader, model, loss_fn, optimizer)
        accuracy, avg_loss = test(test_dataloader, model, loss_fn)
    print(f"Accuracy: {100 * accuracy:>0.1f}%, Avg loss: {avg_loss:>8f}")


@case("healthy")
def cifar_tutorial_style_on_digits(seed: int) -> None:
    x_train, y_train, x_val, y_val = parity(seed)
    x_train, x_val = (x_train - 0.5) / 0.5, (x_val - 0.5) / 0.5

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.pool = nn.MaxPool2d(2, 2)
            self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
            self.fc1 = nn.Linear(64, 48)
            self.fc2 = nn.Linear(48, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.pool(F.relu(self.conv1(x)))
            x = self.pool(F.relu(self.conv2(x)))
            x = torch.flatten(x, 1)
            return self.fc2(F.relu(self.fc1(x)))

    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    trainloader = DataLoader(TensorDataset(x_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(12):
        running_loss = 0.0
        for _i, batch in enumerate(trainloader, 0):
            inputs, labels = batch
            optimizer.zero_grad()
            loss = criterion(net(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
    correct, total = 0, 0
    with torch.no_grad():
        for inputs, labels in DataLoader(TensorDataset(x_val, y_val), batch_size=32):
            _, predicted = torch.max(net(inputs), 1)
            total += labels.size(0)
            correct += (predicted == labels).sum().item()
    print(f"Accuracy of the network: {100 * correct / total:.1f} %")


@case("healthy")
def machine_learning_mastery_style(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    X, y = X_train, y_train.reshape(-1, 1)
    model = nn.Sequential(nn.Linear(30, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    loss_fn = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    n_epochs = 30
    batch_size = 10
    for _epoch in range(n_epochs):
        for i in range(0, len(X), batch_size):
            Xbatch = X[i : i + batch_size]
            y_pred = model(Xbatch)
            ybatch = y[i : i + batch_size]
            loss = loss_fn(y_pred, ybatch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        y_pred = model(X_val)
    accuracy = (y_pred.round() == y_val.reshape(-1, 1)).float().mean()
    print(f"Accuracy {accuracy}")


@case("healthy")
def machine_learning_mastery_cross_validation(seed: int) -> None:
    X, y, _, _ = data("clouds", seed)
    y = y.reshape(-1, 1)

    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer1 = nn.Linear(8, 24)
            self.act1 = nn.ReLU()
            self.layer2 = nn.Linear(24, 12)
            self.act2 = nn.ReLU()
            self.output = nn.Linear(12, 1)
            self.sigmoid = nn.Sigmoid()

        def forward(self, x: Tensor) -> Tensor:
            x = self.act1(self.layer1(x))
            x = self.act2(self.layer2(x))
            return self.sigmoid(self.output(x))

    def model_train(X_train: Tensor, y_train: Tensor, X_val: Tensor, y_val: Tensor) -> float:
        model = Deep()
        loss_fn = nn.BCELoss()
        optimizer = optim.Adam(model.parameters(), lr=0.002)
        best_acc = -np.inf
        for _epoch in range(14):
            model.train()
            for start in torch.arange(0, len(X_train), 20):
                loss = loss_fn(model(X_train[start : start + 20]), y_train[start : start + 20])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            model.eval()
            acc = float((model(X_val).round() == y_val).float().mean())
            best_acc = max(acc, best_acc)
        return best_acc

    folds = KFold(n_splits=3, shuffle=True, random_state=seed).split(X)
    scores = [model_train(X[train], y[train], X[test], y[test]) for train, test in folds]
    print(f"Model accuracy: {np.mean(scores) * 100:.2f}% (+/- {np.std(scores) * 100:.2f}%)")


@case("healthy")
def d2l_style_from_scratch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    def data_iter(batch_size: int, features: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        indices = list(range(len(features)))
        np.random.default_rng(int(torch.randint(0, 10**6, ()))).shuffle(indices)
        for i in range(0, len(indices), batch_size):
            batch_indices = torch.tensor(indices[i : i + batch_size])
            yield features[batch_indices], labels[batch_indices]

    W1 = nn.Parameter(torch.randn(2, 32) * 0.5)
    b1 = nn.Parameter(torch.zeros(32))
    W2 = nn.Parameter(torch.randn(32, 2) * 0.1)
    b2 = nn.Parameter(torch.zeros(2))
    params = [W1, b1, W2, b2]

    def net(X: Tensor) -> Tensor:
        H = torch.max(X @ W1 + b1, torch.zeros(()))
        return H @ W2 + b2

    def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
        return -torch.log_softmax(logits, 1)[range(len(y)), y.long()]

    def sgd(params: list[nn.Parameter], lr: float, batch_size: int) -> None:
        with torch.no_grad():
            for param in params:
                param -= lr * param.grad / batch_size
                param.grad.zero_()

    for _epoch in range(60):
        for X, y in data_iter(20, X_train, y_train):
            loss = cross_entropy(net(X), y)
            loss.sum().backward()
            sgd(params, 0.3, len(X))
    with torch.no_grad():
        print("test acc", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def fastai_style_learner(seed: int) -> None:
    df = customers(seed)
    dep_var = "churn"
    cont = df.drop(columns=dep_var)
    xs = torch.tensor(((cont - cont.mean()) / cont.std()).values, dtype=torch.float32)
    ys = torch.tensor((df[dep_var] == "yes").values, dtype=torch.float32)

    class DataLoaders:
        def __init__(self, *dls: DataLoader) -> None:
            self.train, self.valid = dls[:2]

    class Learner:
        def __init__(self, dls: DataLoaders, model: nn.Module, lr: float) -> None:
            self.dls, self.model, self.lr = dls, model, lr
            self.loss_func = nn.BCEWithLogitsLoss()

        def fit_one_cycle(self, n_epoch: int) -> None:
            opt = optim.AdamW(self.model.parameters(), lr=self.lr, weight_decay=0.01)
            sched = optim.lr_scheduler.OneCycleLR(opt, self.lr, total_steps=n_epoch * len(self.dls.train))
            for _ in range(n_epoch):
                self.model.train()
                for xb, yb in self.dls.train:
                    loss = self.loss_func(self.model(xb).squeeze(-1), yb)
                    loss.backward()
                    opt.step()
                    opt.zero_grad()
                    sched.step()

        def validate(self) -> float:
            self.model.eval()
            with torch.no_grad():
                hits = [((self.model(xb).squeeze(-1) > 0).float() == yb).float() for xb, yb in self.dls.valid]
            return torch.cat(hits).mean().item()

    dls = DataLoaders(
        DataLoader(TensorDataset(xs[:750], ys[:750]), batch_size=32, shuffle=True),
        DataLoader(TensorDataset(xs[750:], ys[750:]), batch_size=64),
    )
    tabular_model = nn.Sequential(
        nn.BatchNorm1d(6), nn.Linear(6, 64), nn.ReLU(), nn.BatchNorm1d(64), nn.Linear(64, 32), nn.ReLU(),
        nn.Linear(32, 1),
    )  # fmt: skip
    learn = Learner(dls, tabular_model, 1e-2)
    learn.fit_one_cycle(20)
    print("accuracy", learn.validate())


@case("healthy")
def fastai_linear_model_from_scratch(seed: int) -> None:
    x_train, y_train, x_val, y_val = images(seed, 3, 7)
    train_x, valid_x = x_train.view(-1, 64) / 255, x_val.view(-1, 64) / 255
    train_y, valid_y = y_train.unsqueeze(1), y_val.unsqueeze(1)

    def init_params(size: tuple[int, ...] | int, std: float = 1.0) -> Tensor:
        return (torch.randn(size) * std).requires_grad_()

    def mnist_loss(predictions: Tensor, targets: Tensor) -> Tensor:
        predictions = predictions.sigmoid()
        return torch.where(targets == 1, 1 - predictions, predictions).mean()

    def batch_accuracy(xb: Tensor, yb: Tensor) -> Tensor:
        correct = (xb.sigmoid() > 0.5) == yb
        return correct.float().mean()

    weights, bias = init_params((64, 1), 0.1), init_params(1)
    lr = 1.0
    dl = DataLoader(TensorDataset(train_x, train_y), batch_size=32, shuffle=True)
    for _ in range(30):
        for xb, yb in dl:
            loss = mnist_loss(xb @ weights + bias, yb)
            loss.backward()
            for p in (weights, bias):
                p.data -= p.grad * lr
                p.grad.zero_()
    with torch.no_grad():
        print("accuracy", round(batch_accuracy(valid_x @ weights + bias, valid_y).item(), 4))


@case("healthy")
def lightning_style_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class LitClassifier(nn.Module):
        def __init__(self, in_features: int, hidden: int = 64, lr: float = 1e-3) -> None:
            super().__init__()
            self.lr = lr
            self.net = nn.Sequential(nn.Linear(in_features, hidden), nn.GELU(), nn.Dropout(0.2), nn.Linear(hidden, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x).squeeze(-1)

        def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
            x, y = batch
            return F.binary_cross_entropy_with_logits(self(x), y)

        def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
            return torch.sigmoid(self(batch[0]))

        def configure_optimizers(self) -> optim.Optimizer:
            return optim.AdamW(self.parameters(), lr=self.lr, weight_decay=1e-2)

    class Trainer:
        def __init__(self, max_epochs: int, gradient_clip_val: float) -> None:
            self.max_epochs, self.clip = max_epochs, gradient_clip_val

        def fit(self, model: LitClassifier, loader: DataLoader) -> None:
            optimizer = model.configure_optimizers()
            for _ in range(self.max_epochs):
                model.train()
                for batch_idx, batch in enumerate(loader):
                    loss = model.training_step(batch, batch_idx)
                    optimizer.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(model.parameters(), self.clip)
                    optimizer.step()

        def validate(self, model: LitClassifier, loader: DataLoader) -> Tensor:
            model.eval()
            with torch.no_grad():
                return torch.cat([model.validation_step(batch, i) for i, batch in enumerate(loader)])

    trainer, model = Trainer(14, 1.0), LitClassifier(71)
    trainer.fit(model, DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True))
    probs = trainer.validate(model, DataLoader(TensorDataset(X_val, y_val), batch_size=256))
    print("val_auc", roc_auc_score(y_val, probs), "acc", accuracy_score(y_val, probs > 0.5))


@case("healthy")
def learnpytorch_circle_model_v2(seed: int) -> None:
    X_train, y_train, X_test, y_test = data("circles", seed)

    class CircleModelV2(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer_1 = nn.Linear(in_features=2, out_features=10)
            self.layer_2 = nn.Linear(in_features=10, out_features=10)
            self.layer_3 = nn.Linear(in_features=10, out_features=1)
            self.relu = nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            return self.layer_3(self.relu(self.layer_2(self.relu(self.layer_1(x)))))

    def accuracy_fn(y_true: Tensor, y_pred: Tensor) -> float:
        correct = torch.eq(y_true, y_pred).sum().item()
        return (correct / len(y_pred)) * 100

    model_3 = CircleModelV2()
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model_3.parameters(), lr=0.3)
    for _epoch in range(1000):
        model_3.train()
        y_logits = model_3(X_train).squeeze()
        loss = loss_fn(y_logits, y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model_3.eval()
    with torch.inference_mode():
        test_logits = model_3(X_test).squeeze()
        test_pred = torch.round(torch.sigmoid(test_logits))
    print(f"Test accuracy: {accuracy_fn(y_test, test_pred):.2f}%")


@case("healthy")
def towards_data_science_tabular(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)

    class BinaryClassification(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer_1 = nn.Linear(28, 64)
            self.layer_2 = nn.Linear(64, 64)
            self.layer_out = nn.Linear(64, 1)
            self.relu = nn.ReLU()
            self.dropout = nn.Dropout(p=0.3)
            self.batchnorm1 = nn.BatchNorm1d(64)
            self.batchnorm2 = nn.BatchNorm1d(64)

        def forward(self, inputs: Tensor) -> Tensor:
            x = self.batchnorm1(self.relu(self.layer_1(inputs)))
            x = self.batchnorm2(self.relu(self.layer_2(x)))
            return self.layer_out(self.dropout(x))

    model = BinaryClassification()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.001, weight_decay=1e-3)
    train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _e in range(8):
        model.train()
        for X_batch, y_batch in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(X_batch), y_batch.unsqueeze(1))
            loss.backward()
            optimizer.step()
    model.eval()
    y_pred_list = []
    with torch.no_grad():
        for (X_batch,) in DataLoader(TensorDataset(X_val), batch_size=1):
            y_pred_list.append(torch.round(torch.sigmoid(model(X_batch))).item())
    print("accuracy", accuracy_score(y_val, y_pred_list))


@case("healthy")
def trevett_style_packed_lstm(seed: int) -> None:
    text, lengths, label = reviews(seed)

    class RNN(nn.Module):
        def __init__(self, vocab_size: int, embedding_dim: int, hidden_dim: int, pad_idx: int) -> None:
            super().__init__()
            self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=pad_idx)
            self.rnn = nn.LSTM(embedding_dim, hidden_dim, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(hidden_dim * 2, 1)
            self.dropout = nn.Dropout(0.3)

        def forward(self, text: Tensor, text_lengths: Tensor) -> Tensor:
            embedded = self.dropout(self.embedding(text))
            packed = nn.utils.rnn.pack_padded_sequence(embedded, text_lengths, batch_first=True, enforce_sorted=False)
            _, (hidden, _) = self.rnn(packed)
            hidden = self.dropout(torch.cat((hidden[-2], hidden[-1]), dim=1))
            return self.fc(hidden)

    model = RNN(200, 24, 16, 0)
    optimizer = optim.Adam(model.parameters(), lr=8e-3)
    criterion = nn.BCEWithLogitsLoss()
    iterator = DataLoader(TensorDataset(text[:700], lengths[:700], label[:700]), batch_size=50, shuffle=True)
    for _ in range(6):
        model.train()
        for batch_text, batch_lengths, batch_label in iterator:
            optimizer.zero_grad()
            loss = criterion(model(batch_text, batch_lengths).squeeze(1), batch_label)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        preds = torch.round(torch.sigmoid(model(text[700:], lengths[700:]).squeeze(1)))
    print(f"Val. Acc: {(preds == label[700:]).float().mean() * 100:.2f}%")


@case("healthy")
def text_classification_tutorial_embedding_bag(seed: int) -> None:
    text, lengths, label = reviews(seed)
    flat = [row[:size] for row, size in zip(text, lengths, strict=True)]

    class TextClassificationModel(nn.Module):
        def __init__(self, vocab_size: int, embed_dim: int, num_class: int) -> None:
            super().__init__()
            self.embedding = nn.EmbeddingBag(vocab_size, embed_dim)
            self.fc = nn.Linear(embed_dim, num_class)
            self.init_weights()

        def init_weights(self) -> None:
            initrange = 0.5
            self.embedding.weight.data.uniform_(-initrange, initrange)
            self.fc.weight.data.uniform_(-initrange, initrange)
            self.fc.bias.data.zero_()

        def forward(self, text: Tensor, offsets: Tensor) -> Tensor:
            return self.fc(self.embedding(text, offsets))

    def collate_batch(batch: list[int]) -> tuple[Tensor, Tensor, Tensor]:
        texts = [flat[i] for i in batch]
        offsets = torch.tensor([0, *(len(t) for t in texts[:-1])]).cumsum(dim=0)
        return label[batch].long(), torch.cat(texts), offsets

    model = TextClassificationModel(200, 32, 2)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=2.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 12, gamma=0.1)
    dataloader = DataLoader(list(range(700)), batch_size=32, shuffle=True, collate_fn=collate_batch)
    for _epoch in range(16):
        model.train()
        for labels, tokens, offsets in dataloader:
            optimizer.zero_grad()
            loss = criterion(model(tokens, offsets), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
        scheduler.step()
    model.eval()
    with torch.no_grad():
        labels, tokens, offsets = collate_batch(list(range(700, 900)))
        print("accuracy", (model(tokens, offsets).argmax(1) == labels).float().mean().item())


@case("healthy")
def kaggle_kernel_stratified_with_early_stopping(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    X_tr, X_es, y_tr, y_es = train_test_split(
        X_train.numpy(), y_train.numpy(), test_size=0.2, stratify=y_train.numpy(), random_state=seed
    )
    X_tr, X_es, y_tr, y_es = (torch.from_numpy(a) for a in (X_tr, X_es, y_tr, y_es))
    model = nn.Sequential(
        nn.Linear(71, 128), nn.SiLU(), nn.Dropout(0.3), nn.Linear(128, 32), nn.SiLU(), nn.Linear(32, 1)
    )
    optimizer = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-5)
    best_auc, best_state, patience = 0.0, None, 0
    for _epoch in range(30):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_tr, y_tr), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(-1), yb).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            auc = roc_auc_score(y_es, model(X_es).squeeze(-1))
        if auc > best_auc:
            best_auc, patience = auc, 0
            best_state = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            patience += 1
            if patience >= 6:
                break
    model.load_state_dict(best_state)
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(-1)))


@case("healthy")
def log_softmax_with_nllloss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(64, 50)
            self.fc2 = nn.Linear(50, 2)

        def forward(self, x: Tensor) -> Tensor:
            return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=1)

    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.5)
    for _epoch in range(25):
        for x, target in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.nll_loss(model(x), target).backward()
            optimizer.step()
    with torch.no_grad():
        pred = model(X_val).argmax(1)
    print("acc", accuracy_score(y_val, pred), "f1", f1_score(y_val, pred))


@case("healthy")
def hinge_loss_svm_with_minus_one_labels(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    y_train, y_val = 2 * y_train - 1, 2 * y_val - 1
    model = nn.Linear(30, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.02)
    for _epoch in range(40):
        for i in torch.randperm(len(X_train)).split(16):
            output = model(X_train[i]).squeeze(1)
            loss = torch.mean(torch.clamp(1 - y_train[i] * output, min=0)) + 0.01 * (model.weight**2).sum() / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", (torch.sign(model(X_val).squeeze(1)) == y_val).float().mean().item())


@case("healthy")
def lbfgs_with_closure(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Linear(8, 1)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.LBFGS(model.parameters(), lr=0.5, max_iter=10)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = criterion(model(X_train).squeeze(1), y_train) + 1e-3 * model.weight.square().sum()
        loss.backward()
        return loss

    for _ in range(40):
        optimizer.step(closure)
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("healthy")
def frozen_pretrained_features_new_head(seed: int) -> None:
    x, digit = load_digits(return_X_y=True)
    X, digit = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(digit)
    body = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
    source = nn.Sequential(body, nn.Linear(32, 10))
    rows = torch.randperm(len(X))
    optimizer = optim.Adam(source.parameters(), lr=5e-3)
    for _ in range(12):
        for idx in rows[:900].split(50):
            optimizer.zero_grad()
            F.cross_entropy(source(X[idx]), digit[idx]).backward()
            optimizer.step()
    for p in body.parameters():
        p.requires_grad = False
    y = (digit >= 5).float()
    model = nn.Sequential(body, nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = optim.Adam((p for p in model.parameters() if p.requires_grad), lr=5e-3)
    train, val = rows[900:1400], rows[1400:]
    for _epoch in range(25):
        for idx in train[torch.randperm(len(train))].split(32):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[idx]).squeeze(1), y[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X[val]).squeeze(1) > 0).float() == y[val]).float().mean().item())


@case("healthy")
def gradient_accumulation_over_four_batches(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = optim.AdamW(model.parameters(), lr=3e-3)
    criterion = nn.BCEWithLogitsLoss()
    accumulation_steps = 4
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=10, shuffle=True)
    for _epoch in range(11):
        for i, (inputs, labels) in enumerate(loader):
            loss = criterion(model(inputs).squeeze(1), labels) / accumulation_steps
            loss.backward()
            if (i + 1) % accumulation_steps == 0:
                optimizer.step()
                optimizer.zero_grad()
    with torch.no_grad():
        print("val acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def weighted_sampler_and_balanced_validation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    class_count = torch.bincount(y_train.long())
    sample_weights = (1.0 / class_count)[y_train.long()]
    sampler = WeightedRandomSampler(sample_weights, num_samples=len(y_train), replacement=True)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, sampler=sampler)
    model = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(25):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x).squeeze(1), y).backward()
            optimizer.step()
    with torch.no_grad():
        z = model(X_val).squeeze(1)
    print("AUC", roc_auc_score(y_val, z), "recall", recall_score(y_val, z > 0))


@case("healthy")
def pos_weight_from_the_class_counts(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    pos_weight = (y_train == 0).sum() / (y_train == 1).sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(15):
        model.train()
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x).squeeze(1), y).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        p = torch.sigmoid(model(X_val).squeeze(1))
    print("AUC", roc_auc_score(y_val, p), "recall", recall_score(y_val, p > 0.5), "f1", f1_score(y_val, p > 0.5))


@case("healthy")
def lstm_on_audio_features_permuted(seed: int) -> None:
    X, y = mfcc(seed)

    class AudioLSTM(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(13, 24, batch_first=True)
            self.fc = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            _, (h, _) = self.lstm(x.permute(0, 2, 1))
            return self.fc(h[-1])

    model = AudioLSTM()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=8e-3)
    for _epoch in range(15):
        for xb, yb in DataLoader(TensorDataset(X[:500], y[:500].long()), batch_size=25, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", (model(X[500:]).argmax(1) == y[500:]).float().mean().item())


@case("healthy")
def lstm_time_first_on_purpose(seed: int) -> None:
    X, y = mfcc(seed)
    X = X.permute(2, 0, 1)

    class LSTMTagger(nn.Module):
        def __init__(self, input_dim: int, hidden_dim: int) -> None:
            super().__init__()
            self.lstm = nn.LSTM(input_dim, hidden_dim)
            self.hidden2tag = nn.Linear(hidden_dim, 1)

        def forward(self, seq: Tensor) -> Tensor:
            lstm_out, _ = self.lstm(seq)
            return self.hidden2tag(lstm_out[-1]).squeeze(-1)

    model = LSTMTagger(13, 24)
    optimizer = optim.Adam(model.parameters(), lr=0.008)
    for _epoch in range(16):
        for idx in torch.randperm(500).split(25):
            model.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(X[:, idx]), y[idx])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X[:, 500:]) > 0).float() == y[500:]).float().mean().item())


@case("healthy")
def tiny_transformer_encoder_with_padding_mask(seed: int) -> None:
    text, _, y = reviews(seed, length=16)

    class TransformerClassifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(200, 16, padding_idx=0)
            layer = nn.TransformerEncoderLayer(16, 2, dim_feedforward=32, dropout=0.1, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
            self.head = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            mask = x == 0
            h = self.encoder(self.emb(x) * math.sqrt(16), src_key_padding_mask=mask)
            keep = (~mask).unsqueeze(-1)
            return self.head((h * keep).sum(1) / keep.sum(1)).squeeze(1)

    model = TransformerClassifier()
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(10):
        model.train()
        for xb, yb in DataLoader(TensorDataset(text[:700], y[:700]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(text[700:]) > 0) == y[700:].bool()).float().mean().item())


# healthy: questions in which only the expectations were wrong


@case("healthy")
def why_is_validation_better_than_training(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(
        nn.Linear(57, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 1)
    )
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(14):
        model.train()
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x).squeeze(1), y).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        z = model(X_val).squeeze(1)
    print("val loss", criterion(z, y_val).item(), "val acc", ((z > 0).float() == y_val).float().mean().item())


@case("healthy")
def accuracy_stays_below_eighty_on_credit(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)

    class CreditNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(28, 16)
            self.fc2 = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.fc2(torch.tanh(self.fc1(x))))

    net = CreditNet()
    criterion = nn.BCELoss()
    optimizer = optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
    for _epoch in range(15):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(net(x).squeeze(1), y).backward()
            optimizer.step()
    with torch.no_grad():
        p = net(X_val).squeeze(1)
    print("acc", accuracy_score(y_val, p > 0.5), "auc", roc_auc_score(y_val, p))


@case("healthy")
def validation_accuracy_fluctuates_on_forty_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    X_val, y_val = X_val[:40], y_val[:40]
    model = nn.Sequential(nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    history = []
    for _epoch in range(20):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x).view(-1), y).backward()
            optimizer.step()
        with torch.no_grad():
            history.append(((model(X_val).view(-1) > 0) == y_val.bool()).float().mean().item())
    print("val acc", history[-1])


@case("healthy")
def loss_is_still_035_but_the_classes_overlap(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=15)
    for _epoch in range(15):
        for x, y in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()
        scheduler.step()
    with torch.no_grad():
        z = model(X_val)
    print("val loss", loss_fn(z, y_val.long()).item(), "acc", (z.argmax(1) == y_val).float().mean().item())


@case("healthy")
def does_mse_instead_of_bce_matter(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.MSELoss()
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(30):
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x), y.unsqueeze(1)).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", (model(X_val).squeeze(1).round() == y_val).float().mean().item())


@case("healthy")
def soft_labels_of_005_and_095(seed: int) -> None:
    x_train, y_train, x_val, y_val = images(seed, 0, 6)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 1)
    )
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _epoch in range(15):
        model.train()
        for x, y in DataLoader(TensorDataset(x_train / 255, y_train), batch_size=16, shuffle=True):
            optimizer.zero_grad()
            criterion(model(x), (0.05 + 0.9 * y).unsqueeze(1)).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(x_val / 255) > 0).float().squeeze(1) == y_val).float().mean().item())


@case("healthy")
def customers_with_categories_embedded(seed: int) -> None:
    df = customers(seed, 1200)
    df["branch"] = np.random.default_rng(seed).integers(0, 8, len(df))
    train, val = df.iloc[:900], df.iloc[900:]
    num = ["age", "income", "balance", "tenure", "calls", "score"]
    scaler = StandardScaler().fit(train[num])

    class TabDataset(Dataset):
        def __init__(self, frame: pd.DataFrame) -> None:
            self.x = torch.tensor(scaler.transform(frame[num]), dtype=torch.float32)
            self.c = torch.tensor(frame["branch"].values)
            self.y = torch.tensor((frame["churn"] == "yes").values, dtype=torch.float32)

        def __len__(self) -> int:
            return len(self.y)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor, Tensor]:
            return self.x[i], self.c[i], self.y[i]

    class TabModel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(8, 3)
            self.layers = nn.Sequential(nn.Linear(9, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))

        def forward(self, x: Tensor, c: Tensor) -> Tensor:
            return self.layers(torch.cat([x, self.emb(c)], dim=1)).squeeze(1)

    model = TabModel()
    optimizer = optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    for _epoch in range(12):
        for x, c, y in DataLoader(TabDataset(train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(x, c), y).backward()
            optimizer.step()
    valid = TabDataset(val)
    with torch.no_grad():
        z = model(valid.x, valid.c)
    print("AUC", roc_auc_score(valid.y, z), "acc", accuracy_score(valid.y, z > 0))


@case("healthy")
def seventy_rows_is_all_there_is(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    X_train, y_train = X_train[:70], y_train[:70]
    model = nn.Sequential(nn.Linear(30, 4), nn.Tanh(), nn.Linear(4, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=0.01)
    for _epoch in range(120):
        optimizer.zero_grad()
        loss = criterion(model(X_train).squeeze(1), y_train)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        z = model(X_val).squeeze(1)
    print("acc", accuracy_score(y_val, z > 0), "auc", roc_auc_score(y_val, z))
