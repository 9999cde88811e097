"""Scripts of many hands: faults in code, in numbers and in prepared data, and sound ones beside them."""

import copy
import itertools
import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import Tensor, nn, optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

# ---------------------------------------------------------------- faults in code


@case("double_sigmoid")
def thyroid_screening_net(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)

    class Screening(nn.Module):
        def __init__(self, n: int) -> None:
            super().__init__()
            self.fc1 = nn.Linear(n, 32)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.fc2(F.relu(self.fc1(x)))).squeeze(1)

    net = Screening(X_train.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            criterion(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        pred = (torch.sigmoid(net(X_val)) > 0.5).float()
    print("balanced accuracy", balanced_accuracy_score(y_val, pred))


@case("softmax_before_ce")
def eight_or_not_conv(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    images, val_images = X_train.reshape(-1, 1, 8, 8), X_val.reshape(-1, 1, 8, 8)
    cnn = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12 * 16, 2),
        nn.Softmax(dim=1),
    )
    loss_fn = nn.CrossEntropyLoss()
    optimizer = optim.SGD(cnn.parameters(), lr=0.05, momentum=0.5)
    loader = DataLoader(TensorDataset(images, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(12):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(cnn(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("recall of the eights", recall_score(y_val, cnn(val_images).argmax(1)))


@case("bce_on_logits")
def crossentropy_from_the_lecture(seed: int) -> None:
    x, y, xv, yv = data("moons", seed)
    w1 = (torch.randn(2, 24) * 0.7).requires_grad_()
    b1 = torch.zeros(24, requires_grad=True)
    w2 = (torch.randn(24) * 0.2).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)
    params = [w1, b1, w2, b2]

    def f(inputs: Tensor) -> Tensor:
        return torch.tanh(inputs @ w1 + b1) @ w2 + b2

    eps = 1e-6
    for _ in range(1500):
        p = f(x).clamp(eps, 1 - eps)
        loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for param, g in zip(params, grads, strict=True):
                param -= 0.3 * g
    with torch.no_grad():
        print("val acc", ((f(xv) > 0).float() == yv).float().mean().item())


@case("ce_single_output")
def churn_one_neuron_head(seed: int) -> None:
    train_x, train_y, test_x, test_y = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(train_x.size(1), 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 1))
    optimizer = optim.AdamW(model.parameters(), lr=2e-3)
    loss_function = nn.CrossEntropyLoss()
    for _ in range(15):
        model.train()
        order = torch.randperm(len(train_x))
        for chunk in order.split(40):
            output = model(train_x[chunk])
            loss = loss_function(output, train_y[chunk].unsqueeze(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(test_y, model(test_x).squeeze(1)))


@case("softmax_single_output")
def attention_over_features_one_unit(seed: int) -> None:
    X, y, X_test, y_test = data("breast_cancer", seed)

    class FeatureGate(nn.Module):
        def __init__(self, d: int) -> None:
            super().__init__()
            self.gate = nn.Linear(d, d)
            self.head = nn.Sequential(nn.Linear(d, 16), nn.ReLU(), nn.Linear(16, 1))

        def forward(self, x: Tensor) -> Tensor:
            weights = F.softmax(self.gate(x), dim=-1) * x.shape[-1]
            return F.softmax(self.head(weights * x), dim=-1)

    model = FeatureGate(X.shape[1])
    opt = optim.Adam(model.parameters(), lr=3e-3)
    bce = nn.BCELoss()
    for _epoch in range(40):
        for xb, yb in DataLoader(TensorDataset(X, y[:, None]), batch_size=32, shuffle=True):
            loss = bce(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    model.eval()
    proba = model(X_test).detach().numpy().ravel()
    print("test accuracy", accuracy_score(y_test.numpy(), proba > 0.5))


@case("relu_on_output")
def mlp_from_a_list_of_sizes(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    sizes = [X_train.shape[1], 64, 32, 1]
    layers: list[nn.Module] = []
    for n_in, n_out in itertools.pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    net = nn.Sequential(*layers)
    optimiser = optim.Adam(net.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimiser.zero_grad()
            loss = criterion(net(xb)[:, 0], yb)
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        logits = net(X_val)[:, 0]
        acc = ((logits > 0) == y_val.bool()).float().mean()
    print(f"validation accuracy {acc:.3f} loss {criterion(logits, y_val).item():.3f}")


@case("no_nonlinearity")
def rings_with_batchnorm(seed: int) -> None:
    X, y, Xv, yv = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.l1 = nn.Linear(2, 64)
            self.bn1 = nn.BatchNorm1d(64)
            self.l2 = nn.Linear(64, 64)
            self.bn2 = nn.BatchNorm1d(64)
            self.out = nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.bn1(self.l1(x))
            x = self.bn2(self.l2(x))
            return self.out(x).squeeze(-1)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=0.005)
    for _ in range(30):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=50, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("acc", ((net(Xv) > 0).float() == yv).float().mean().item())


@case("shape_broadcast")
def logistic_regression_by_hand_column(seed: int) -> None:
    X, y, X_test, y_test = data("clouds", seed)
    weights = torch.zeros(X.shape[1], 1, requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = optim.SGD([weights, bias], lr=0.5)
    for _ in range(400):
        z = X @ weights + bias
        loss = (F.softplus(z) - y * z).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        z = (X_test @ weights + bias).squeeze(1)
    print("accuracy", accuracy_score(y_test, z > 0))


@case("shape_broadcast")
def brier_score_regressor(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    train_targets = y_train.reshape(-1, 1)
    net = nn.Sequential(nn.Linear(X_train.shape[1], 40), nn.ReLU(), nn.Linear(40, 1), nn.Sigmoid(), nn.Flatten(0))
    opt = optim.RMSprop(net.parameters(), lr=1e-3)
    for _ in range(20):
        perm = torch.randperm(len(X_train))
        for i in range(0, len(perm), 48):
            idx = perm[i : i + 48]
            error = net(X_train[idx]) - train_targets[idx]
            loss = error.pow(2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)))


@case("wrong_axis")
def gru_over_image_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class RowReader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(input_size=8, hidden_size=20)
            self.fc = nn.Linear(20, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.gru(x.view(-1, 8, 8))
            return self.fc(out[:, -1]).squeeze(1)

    model = RowReader()
    optimizer = optim.Adam(model.parameters(), lr=6e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _ in range(5):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss_fn(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val AUC", roc_auc_score(y_val, model(X_val)))


@case("wrong_axis")
def features_first_with_view(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    n = X_train.shape[1]
    W = (0.1 * torch.randn(16, n)).requires_grad_()
    b = torch.zeros(16, 1, requires_grad=True)
    v = (0.1 * torch.randn(1, 16)).requires_grad_()
    opt = optim.Adam([W, b, v], lr=0.01)

    def forward(x: Tensor) -> Tensor:
        columns = x.reshape(n, -1)
        return (v @ torch.relu(W @ columns + b)).flatten()

    for _ in range(300):
        loss = F.binary_cross_entropy_with_logits(forward(X_train), y_train)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("accuracy", ((forward(X_val) > 0) == (y_val == 1)).float().mean().item())


@case("no_zero_grad")
def spam_filter_loop(seed: int) -> None:
    train_x, train_y, val_x, val_y = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    loss_fn = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(train_x, train_y), batch_size=32, shuffle=True)
    for _epoch in range(25):
        for xb, yb in loader:
            prediction = model(xb).squeeze(1)
            loss = loss_fn(prediction, yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        logits = model(val_x).squeeze(1)
    print("acc", accuracy_score(val_y, logits > 0), "auc", roc_auc_score(val_y, logits))


@case("no_optimizer_step")
def tuple_optimizer_scheduler(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 2))
    optimizer = optim.AdamW(net.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=30, shuffle=True)
    history = []
    for epoch in range(25):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(xb), yb)
            loss.backward()
            if math.isnan(loss.item()) or epoch > 25:
                optimizer.step()
            history.append(loss.item())
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("optimizer_wrong_params")
def fresh_copy_before_training(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    template = nn.Sequential(nn.Linear(30, 20), nn.ReLU(), nn.Linear(20, 1))
    optimizer = optim.Adam(template.parameters(), lr=2e-3)
    model = copy.deepcopy(template)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(50):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss_fn(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("val acc", ((model(X_val)[:, 0] > 0) == (y_val > 0.5)).float().mean().item())


@case("optimizer_wrong_params")
def encoder_decoder_only_head(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    encoder = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3), nn.Tanh())
    head = nn.Linear(3, 1)
    optimizer = optim.Adam(head.parameters(), lr=0.01)
    for _ in range(45):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            logit = head(encoder(xb)).view(-1)
            loss = F.binary_cross_entropy_with_logits(logit, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((head(encoder(X_val)).view(-1) > 0).float() == y_val).float().mean().item())


@case("frozen_params")
def unfreeze_forgotten(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 3), nn.Tanh())
            self.head = nn.Linear(3, 1)
            for p in self.body.parameters():
                p.requires_grad = False

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.body(x))[:, 0]

    model = Net()
    optimizer = optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=0.02)
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("Accuracy:", accuracy_score(y_val, model(X_val) > 0))


@case("unregistered_params")
def blocks_in_a_dict(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Deep(nn.Module):
        def __init__(self, width: int = 6, depth: int = 3) -> None:
            super().__init__()
            self.blocks = {f"block{i}": nn.Linear(2 if i == 0 else width, width) for i in range(depth)}
            self.out = nn.Linear(width, 1)

        def forward(self, x: Tensor) -> Tensor:
            for block in self.blocks.values():
                x = torch.tanh(block(x))
            return self.out(x).flatten()

    net = Deep()
    opt = optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("val accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("layer_in_forward")
def lazy_hidden_layer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inp = nn.Linear(2, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.inp(x))
            x = torch.relu(nn.Linear(x.shape[1], 16)(x))
            return self.out(x)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=0.005)
    bce = nn.BCEWithLogitsLoss()
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=32, shuffle=True):
            opt.zero_grad()
            bce(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("acc", ((net(X_val) > 0).float() == y_val.unsqueeze(1)).float().mean().item())


@case("graph_detached")
def numpy_pooling_in_the_middle(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(2, 8)
            self.second = nn.Linear(4, 1)

        def forward(self, x: Tensor) -> Tensor:
            hidden = torch.tanh(self.first(x)).detach().numpy()
            pooled = hidden.reshape(len(hidden), 4, 2).max(axis=2)
            return self.second(torch.from_numpy(pooled)).squeeze(1)

    model = Model()
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val) > 0))


@case("nondifferentiable_output")
def rounded_probabilities_once_more(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class SpamNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())

        def forward(self, x: Tensor) -> Tensor:
            return torch.round(self.layers(x)).squeeze(1)

    model = SpamNet()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            loss = F.mse_loss(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (model(X_val) == y_val).float().mean().item())


@case("train_mode_missing")
def batchnorm_for_raw_inputs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    model = nn.Sequential(
        nn.BatchNorm1d(X_train.shape[1]), nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1)
    )

    def evaluate() -> float:
        model.eval()
        with torch.no_grad():
            return float(roc_auc_score(y_val, model(X_val).squeeze(1)))

    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    best = evaluate()
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
        best = evaluate()
    print("auc", best)


@case("eval_mode_missing")
def wide_net_heavy_dropout(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(
        nn.Dropout(0.4),
        nn.Linear(X_train.shape[1], 64),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(32, 1),
    )
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        prob = torch.sigmoid(model(X_val)[:, 0])
    print("AUC", roc_auc_score(y_val, prob))


@case("functional_dropout")
def dropout_as_function(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class DigitNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 8, 3)
            self.fc1 = nn.Linear(8 * 36, 48)
            self.fc2 = nn.Linear(48, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.conv(x.view(-1, 1, 8, 8))).flatten(1)
            x = F.dropout(F.relu(self.fc1(F.dropout(x, 0.6))), 0.6)
            return F.log_softmax(self.fc2(x), dim=1)

    net = DigitNet()
    optimizer = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.nll_loss(net(xb), yb).backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 1]))


@case("threshold_on_logits")
def credit_scores_at_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Linear(X_train.shape[1], 1)
    opt = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        scores = model(X_val).squeeze(1).numpy()
    y_hat = np.where(scores >= 0.5, 1, 0)
    print("F1", f1_score(y_val, y_hat))


@case("argmax_single_output")
def class_by_argmax(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.BCELoss()
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    predicted = np.argmax(model(X_val).detach().numpy(), axis=1)
    print("accuracy", (predicted == y_val.numpy()).mean())


@case("accuracy_broadcast")
def counts_the_hits_in_numpy(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    labels = y_train.view(-1, 1)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, labels), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        predictions = (model(X_val).numpy() > 0).astype(int)
    print("accuracy", np.mean(predictions == y_val.numpy()))


@case("softmax_wrong_dim")
def probabilities_over_the_batch_once_more(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    opt = optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    ce = nn.CrossEntropyLoss()
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=40, shuffle=True):
            opt.zero_grad()
            ce(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        probs = F.softmax(model(X_val), dim=0)
    flagged = probs[:, 1] > 0.5
    print("balanced accuracy", balanced_accuracy_score(y_val, flagged))


@case("padding_not_masked")
def strokes_padded_to_eighty(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)

    def columns_with_ink(rows: Tensor) -> Tensor:
        kept = [image[image.sum(1) > 0] / 16.0 for image in rows.view(-1, 8, 8).transpose(1, 2)]
        padded = pad_sequence(kept, batch_first=True)
        return F.pad(padded, (0, 0, 0, 60 - padded.shape[1]))

    class StrokeRNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(8, 32, batch_first=True)
            self.fc = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.rnn(x)
            return self.fc(out[:, -1, :]).squeeze(1)

    train, val = columns_with_ink(X_train), columns_with_ink(X_val)
    model = StrokeRNN()
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(val)))


# ---------------------------------------------------------------- faults of a number


@case("lr_too_high")
def adam_in_a_hurry(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = optim.Adam(model.parameters(), lr=1.5)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=20, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze() > 0) == y_val.bool()).float().mean().item())


@case("lr_too_high")
def momentum_and_a_big_step(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 50), nn.Tanh(), nn.Linear(50, 2))
    optimizer = optim.SGD(model.parameters(), lr=8.0, momentum=0.9)
    ce = nn.CrossEntropyLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            ce(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).argmax(1)))


@case("lr_too_low")
def careful_sgd_once_more(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = optim.SGD(model.parameters(), lr=2e-4, momentum=0.9)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(80):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss_fn(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("val acc", ((model(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("lr_too_low")
def lstm_tiny_rate(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(8, 24, batch_first=True)
            self.head = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            _, (h, _) = self.lstm(x.view(-1, 8, 8))
            return self.head(h[-1]).squeeze(1)

    net = Reader()
    opt = optim.Adam(net.parameters(), lr=1e-6)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, net(X_val)))


@case("undertrained")
def twenty_full_batch_steps(seed: int) -> None:
    X, y, X_test, y_test = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
    opt = optim.Adam(net.parameters(), lr=1e-3)
    for _epoch in range(20):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(X), y)
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X_test) > 0).float() == y_test).float().mean().item())


@case("scheduler_misuse")
def exponential_every_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=4e-3)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=25, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb)
            loss.backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val)[:, 0] > 0))


@case("scheduler_misuse")
def lambda_of_the_epoch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 2))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    warmup = optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.15**epoch)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=20, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
        warmup.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).argmax(1)))


@case("vanishing_gradients")
def nine_sigmoid_layers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    layers: list[nn.Module] = [nn.Linear(2, 24), nn.Sigmoid()]
    for _ in range(8):
        layers += [nn.Linear(24, 24), nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.Linear(24, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("dead_relu")
def negative_bias_for_sparsity(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    for layer in model:
        if isinstance(layer, nn.Linear) and layer.out_features > 1:
            nn.init.constant_(layer.bias, -12.0)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(60):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).flatten(), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).flatten() > 0))


@case("bad_init")
def everything_starts_at_one_tenth(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    def init(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            nn.init.constant_(m.weight, 0.1)
            nn.init.zeros_(m.bias)

    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    model.apply(init)
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(60):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("bad_init")
def randn_without_a_factor(seed: int) -> None:
    x, y, xv, yv = data("spambase", seed)
    sizes = [57, 200, 200, 1]
    W = [(torch.randn(a, b) * 3).requires_grad_() for a, b in itertools.pairwise(sizes)]
    B = [torch.zeros(b, requires_grad=True) for b in sizes[1:]]

    def net(h: Tensor) -> Tensor:
        for w, b in zip(W[:-1], B[:-1], strict=True):
            h = torch.tanh(h @ w + b)
        return (h @ W[-1] + B[-1]).squeeze(1)

    opt = optim.Adam(W + B, lr=1e-3)
    for _ in range(15):
        for idx in torch.randperm(len(x)).split(40):
            loss = F.binary_cross_entropy_with_logits(net(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(xv) > 0).float() == yv).float().mean().item())


@case("regularisation_too_strong")
def weight_decay_of_a_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=3e-3, weight_decay=0.3)
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("regularisation_too_strong")
def l1_sum_in_the_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    lam = 0.1
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            penalty = sum(p.abs().sum() for p in model.parameters())
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb) + lam * penalty
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("regularisation_too_strong")
def dropout_keep_probability_once_more(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    keep = 0.95
    model = nn.Sequential(
        nn.Linear(2, 32), nn.ReLU(), nn.Dropout(keep), nn.Linear(32, 32), nn.ReLU(), nn.Dropout(keep), nn.Linear(32, 1)
    )
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(60):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=20, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("overfitting")
def big_net_small_bank(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(
        nn.Linear(X_train.shape[1], 160), nn.ReLU(), nn.Linear(160, 160), nn.ReLU(), nn.Linear(160, 1)
    )
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(35):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("overfitting")
def forty_rows_for_a_start(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    X_small, y_small = X_train[:60], y_train[:60]
    model = nn.Sequential(nn.Linear(8, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 2))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(150):
        for xb, yb in DataLoader(TensorDataset(X_small, y_small.long()), batch_size=15, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        log_loss = F.cross_entropy(model(X_val), y_val.long()).item()
    print("validation loss", log_loss)


@case("underfitting")
def bottleneck_of_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 1), nn.Tanh(), nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(80):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", ((model(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("class_weights_wrong")
def weights_in_the_wrong_order(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    counts = torch.bincount(y_train.long()).float()
    weight = counts / counts.min()
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    loss_fn = nn.CrossEntropyLoss(weight=weight)
    optimizer = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _ in range(8):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            loss_fn(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, model(X_val).argmax(1)))


@case("class_weights_wrong")
def pos_weight_is_a_count(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    n_neg = (y_train == 0).sum()
    model = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=n_neg.float())
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            loss_fn(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val, model(X_val) > 0))


@case("batch_size_too_small")
def pairs_with_batchnorm(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(
        nn.Linear(57, 32),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.Linear(32, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Linear(16, 1),
    )
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(2):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=2, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("batchnorm_stats")
def keras_momentum(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    model = nn.Sequential(
        nn.BatchNorm1d(X_train.shape[1], momentum=0.0005),
        nn.Linear(X_train.shape[1], 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("threshold_not_tuned")
def leavers_at_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 1), nn.Sigmoid())
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        p = model(X_val).squeeze(1)
    print("F1 of the leavers", f1_score(y_val, p > 0.5))


@case("imbalance")
def forty_churners(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    rng = np.random.default_rng(seed)
    churned = np.flatnonzero(y_train.numpy() == 1)
    kept = np.concatenate([np.flatnonzero(y_train.numpy() == 0), rng.choice(churned, 40, replace=False)])
    X_train, y_train = X_train[kept], y_train[kept]
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("recall", recall_score(y_val, model(X_val).squeeze(1) > 0))


# ---------------------------------------------------------------- faults in data


@case("unscaled_features")
def bank_table_as_it_came(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("unscaled_features")
def units_of_the_sensor(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    offset, unit = torch.tensor([293.15, 101.3]), torch.tensor([0.5, 0.2])
    X_train, X_val = X_train * unit + offset, X_val * unit + offset
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(60):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("preprocess_mismatch")
def scaler_for_the_training_rows_only(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    scaler = StandardScaler()
    inputs = torch.tensor(scaler.fit_transform(X_train), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(inputs, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("preprocess_mismatch")
def minmax_per_customer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    table = pd.DataFrame(X_train.numpy())
    span = (table.max() - table.min()).replace(0, 1)
    inputs = torch.tensor(((table - table.min()) / span).to_numpy())
    model = nn.Sequential(nn.Linear(inputs.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(inputs, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    customers = MinMaxScaler().fit_transform(X_val.numpy().T).T
    with torch.no_grad():
        print("auc", roc_auc_score(y_val, model(torch.tensor(customers).float()).squeeze(1)))


@case("nan_features")
def divide_by_the_spread(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    mean, std = X_train.mean(0), X_train.std(0)
    X_train, X_val = (X_train - mean) / std, (X_val - mean) / std
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("recall", recall_score(y_val, model(X_val).squeeze(1) > 0))


@case("nan_loss")
def log_of_a_saturated_sigmoid(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(120):
        for idx in torch.randperm(len(X_train)).split(32):
            p = model(X_train[idx]).squeeze(1)
            t = y_train[idx]
            loss = -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).squeeze(1) > 0.5))


@case("unshuffled_data")
def grouped_by_class(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    frame = pd.DataFrame(X_train.numpy()).assign(spam=y_train.numpy()).sort_values("spam", kind="stable")
    y_sorted = torch.tensor(frame.pop("spam").to_numpy())
    X_sorted = torch.tensor(frame.to_numpy())
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for _ in range(25):
        for start in range(0, len(X_sorted), 30):
            xb, yb = X_sorted[start : start + 30], y_sorted[start : start + 30]
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("data_leakage")
def oversampled_then_split_once_more(seed: int) -> None:
    X_all, y_all, _, _ = data("credit_data", seed)
    rng = np.random.default_rng(seed)
    X, y = X_all.numpy(), y_all.numpy()
    rare = np.flatnonzero(y == 1)
    extra = rng.choice(rare, int((y == 0).sum()) - len(rare), replace=True)
    X, y = np.concatenate([X, X[extra]]), np.concatenate([y, y[extra]])
    X_tr, X_te, y_tr, y_te = (
        torch.from_numpy(a) for a in train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    )
    model = nn.Sequential(nn.Linear(X.shape[1], 128), nn.ReLU(), nn.Linear(128, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_tr, y_tr), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_te, model(X_te).squeeze(1)))


@case("data_leakage")
def jittered_copies_before_the_split(seed: int) -> None:
    X_all, y_all, _, _ = data("clouds", seed)
    X_all, y_all = X_all[:200], y_all[:200]
    copies = torch.cat([X_all + 0.03 * torch.randn_like(X_all) for _ in range(4)])
    labels = y_all.repeat(4)
    order = torch.randperm(len(copies))
    n = int(0.75 * len(order))
    X_tr, y_tr, X_te, y_te = copies[order[:n]], labels[order[:n]], copies[order[n:]], labels[order[n:]]
    model = nn.Sequential(nn.Linear(8, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X_tr, y_tr), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_te, model(X_te).squeeze(1) > 0))


@case("augmentation_too_heavy")
def robust_to_everything(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=3e-3)

    def augment(batch: Tensor) -> Tensor:
        scale = torch.empty(len(batch), 1).uniform_(0.2, 3.0)
        return batch * scale + 0.5 * torch.randn_like(batch)

    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(augment(xb)).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("augmentation_too_heavy")
def cutout_and_roll_on_digits(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    cnn = nn.Sequential(
        nn.Conv2d(1, 12, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12 * 36, 32), nn.ReLU(), nn.Linear(32, 2)
    )
    optimizer = optim.Adam(cnn.parameters(), lr=2e-3)

    def augment(images: Tensor) -> Tensor:
        down, right = torch.randint(0, 8, (2,)).tolist()
        images = images.roll((down, right), dims=(2, 3)).clone()
        top, left = torch.randint(0, 3, (2,)).tolist()
        images[:, :, top : top + 6, left : left + 6] = 0.0
        return images

    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(X_train.view(-1, 1, 8, 8), y_train.long()), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.cross_entropy(cnn(augment(xb)), yb).backward()
            optimizer.step()
    with torch.no_grad():
        logits = cnn(X_val.view(-1, 1, 8, 8))
    print("AUC", roc_auc_score(y_val, logits[:, 1] - logits[:, 0]))


@case("labels_misaligned")
def merged_on_the_wrong_key(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    mails = pd.DataFrame(X_train.numpy()).reset_index(names="mail_id")
    answers = pd.DataFrame({"spam": y_train.numpy()}).sample(frac=1.0, random_state=seed).reset_index(drop=True)
    answers["mail_id"] = np.arange(len(answers))
    joined = mails.merge(answers, on="mail_id").drop(columns="mail_id")
    y = torch.tensor(joined.pop("spam").to_numpy())
    X = torch.tensor(joined.to_numpy())
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("labels_misaligned")
def outliers_dropped_from_one_side(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    inside = (X_train.abs() < 4.5).all(dim=1)
    X_clean = X_train[inside]
    y_clean = y_train[: len(X_clean)]
    model = nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_clean, y_clean), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("label_noise")
def three_tired_annotators(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    rng = np.random.default_rng(seed)
    truth = y_train.numpy().astype(int)
    votes = np.stack([np.where(rng.random(len(truth)) < 0.45, 1 - truth, truth) for _ in range(3)])
    y_votes = torch.tensor((votes.sum(axis=0) >= 2).astype(np.float32))
    model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(35):
        for xb, yb in DataLoader(TensorDataset(X_train, y_votes), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("labels_single_class")
def first_third_of_the_export(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    export = pd.DataFrame(X_train.numpy()).assign(target=y_train.numpy()).sort_values("target")
    sample = export.head(400)
    X, y = torch.tensor(sample.drop(columns="target").to_numpy()), torch.tensor(sample["target"].to_numpy())
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=25, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("weak_signal")
def only_the_yes_no_columns(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    states = [j for j in range(X_train.shape[1]) if X_train[:, j].unique().numel() == 2][:10]
    model = nn.Sequential(nn.Linear(len(states), 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train[:, states], y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val[:, states]).squeeze(1)))


@case("label_encoding")
def factorised_from_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    names = pd.Series(y_train.numpy()).map({0.0: "background", 1.0: "signal"})
    codes = {name: i for i, name in enumerate(sorted(names.unique()), start=1)}
    y_coded = torch.tensor(names.map(codes).to_numpy(), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_coded), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("label_encoding")
def plus_minus_into_bce(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    signs = 2 * y_train - 1
    w = torch.zeros(X_train.shape[1], requires_grad=True)
    c = torch.zeros((), requires_grad=True)
    opt = optim.SGD([w, c], lr=0.1)
    for _ in range(600):
        z = X_train @ w + c
        loss = F.binary_cross_entropy_with_logits(z, signs)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("F1", f1_score(y_val, X_val @ w + c > 0))


# ---------------------------------------------------------------- sound ones


@case("healthy")
def sigmoid_head_and_bce(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1), nn.Sigmoid())
    opt = optim.Adam(net.parameters(), lr=2e-3)
    bce = nn.BCELoss()
    for _ in range(15):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            bce(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, net(X_val).squeeze(1) > 0.5))


@case("healthy")
def signs_and_soft_margin(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    signs = y_train * 2 - 1
    net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
    opt = optim.Adam(net.parameters(), lr=0.01)
    loss_fn = nn.SoftMarginLoss()
    for _ in range(40):
        for xb, sb in DataLoader(TensorDataset(X_train, signs), batch_size=40, shuffle=True):
            opt.zero_grad()
            loss_fn(net(xb), sb).backward()
            opt.step()
    with torch.no_grad():
        print("acc", ((net(X_val) > 0) == (y_val > 0)).float().mean().item())


@case("healthy")
def squared_hinge_from_scratch(seed: int) -> None:
    x, y, xv, yv = data("clouds", seed)
    t = 2 * y - 1
    w, b = torch.zeros(8, requires_grad=True), torch.zeros(1, requires_grad=True)
    for _ in range(400):
        loss = F.relu(1 - t * (x @ w + b)).square().mean() + 1e-3 * w.square().sum()
        gw, gb = torch.autograd.grad(loss, [w, b])
        with torch.no_grad():
            w -= 0.1 * gw
            b -= 0.1 * gb
    with torch.no_grad():
        print("acc", ((xv @ w + b > 0).float() == yv).float().mean().item())


@case("healthy")
def raw_table_batchnorm_first(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    net = nn.Sequential(nn.BatchNorm1d(X_train.shape[1]), nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    opt = optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    for _ in range(12):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val).squeeze(1)))


@case("healthy")
def four_small_batches_one_step(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(net.parameters(), lr=0.01)
    every = 4
    opt.zero_grad()
    for _ in range(40):
        for i, (xb, yb) in enumerate(DataLoader(TensorDataset(X_train, y_train), batch_size=10, shuffle=True)):
            loss = F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb) / every
            loss.backward()
            if (i + 1) % every == 0:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, net(X_val).squeeze(1) > 0))


@case("healthy")
def gru_time_first_on_purpose(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class RowsFirst(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(8, 32)
            self.fc = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.gru(x.view(-1, 8, 8).permute(1, 0, 2))
            return self.fc(out[-1]).squeeze(1)

    net = RowsFirst()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)))


@case("healthy")
def random_fourier_features(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class RandomKitchenSinks(nn.Module):
        def __init__(self, d: int, n_features: int) -> None:
            super().__init__()
            self.projection = nn.Linear(d, n_features)
            nn.init.normal_(self.projection.weight, std=1.2)
            nn.init.uniform_(self.projection.bias, 0, 2 * math.pi)
            self.projection.requires_grad_(False)
            self.readout = nn.Linear(n_features, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.readout(torch.cos(self.projection(x))).squeeze(1)

    model = RandomKitchenSinks(2, 200)
    opt = optim.Adam(model.readout.parameters(), lr=0.01)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val) > 0))


@case("healthy")
def logistic_with_lbfgs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Linear(X_train.shape[1], 1)
    opt = optim.LBFGS(model.parameters(), lr=1.0, max_iter=20)

    def closure() -> Tensor:
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(X_train).squeeze(1), y_train)
        loss = loss + 1e-3 * model.weight.square().sum()
        loss.backward()
        return loss

    for _ in range(15):
        opt.step(closure)
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, model(X_val).squeeze(1)))


@case("healthy")
def rate_of_one_is_fine_here(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())
    opt = optim.SGD(model.parameters(), lr=1.0)
    for _ in range(400):
        loss = F.binary_cross_entropy(model(X_train).squeeze(1), y_train)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).squeeze(1) > 0.5))


@case("healthy")
def one_cycle_to_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=25, shuffle=True)
    opt = optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    sched = optim.lr_scheduler.OneCycleLR(opt, max_lr=0.2, total_steps=40 * len(loader))
    for _ in range(40):
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            opt.step()
            sched.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, model(X_val).argmax(1)))


@case("healthy")
def rare_disease_with_sampler(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    weights = torch.where(y_train == 1, 1.0 / y_train.sum(), 1.0 / (1 - y_train).sum())
    sampler = WeightedRandomSampler(weights.tolist(), num_samples=len(weights), replacement=True)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.1)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, sampler=sampler):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        score = model(X_val).squeeze(1)
    print("balanced accuracy", balanced_accuracy_score(y_val, score > 0), "AUC", roc_auc_score(y_val, score))


@case("healthy")
def zero_start_residual_branches(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.up = nn.Linear(width, 2 * width)
            self.down = nn.Linear(2 * width, width)
            nn.init.zeros_(self.down.weight)
            nn.init.zeros_(self.down.bias)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.down(F.gelu(self.up(x)))

    net = nn.Sequential(nn.Linear(2, 16), Block(16), Block(16), Block(16), nn.Linear(16, 1), nn.Flatten(0))
    opt = optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(35):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=30, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, net(X_val) > 0))


@case("healthy")
def packed_ink_columns(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)

    def to_padded(rows: Tensor) -> tuple[Tensor, Tensor]:
        kept = [image[image.sum(1) > 0] / 16.0 for image in rows.view(-1, 8, 8).transpose(1, 2)]
        padded = pad_sequence(kept, batch_first=True)
        return F.pad(padded, (0, 0, 0, 16 - padded.shape[1])), torch.tensor([len(k) for k in kept])

    class PackedGRU(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(8, 32, batch_first=True)
            self.fc = nn.Linear(32, 1)

        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            _, h = self.gru(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
            return self.fc(h[-1]).squeeze(1)

    train, val = to_padded(X_train), to_padded(X_val)
    net = PackedGRU()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(18):
        for xb, lb, yb in DataLoader(TensorDataset(*train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb, lb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(*val)))


@case("healthy")
def binned_columns_as_embeddings(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    edges = torch.quantile(X_train, torch.linspace(0.05, 0.95, 10), dim=0)

    def bins(x: Tensor) -> Tensor:
        return (x.unsqueeze(0) > edges.unsqueeze(1)).sum(0)

    class BinNet(nn.Module):
        def __init__(self, columns: int, size: int = 4) -> None:
            super().__init__()
            self.embed = nn.Embedding(columns * 11, size)
            self.register_buffer("offset", torch.arange(columns) * 11)
            self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(columns * size, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.embed(x + self.offset)).squeeze(1)

    train, val = bins(X_train), bins(X_val)
    net = BinNet(57)
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(12):
        net.train()
        for xb, yb in DataLoader(TensorDataset(train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, net(val) > 0))


@case("healthy")
def mixup_and_soft_targets(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    beta = torch.distributions.Beta(0.3, 0.3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            lam = beta.sample((len(xb), 1))
            perm = torch.randperm(len(xb))
            mixed = lam * xb + (1 - lam) * xb[perm]
            soft = lam[:, 0] * yb + (1 - lam[:, 0]) * yb[perm]
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(mixed).squeeze(1), soft).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, net(X_val).squeeze(1) > 0))


@case("healthy")
def stops_and_restores(seed: int) -> None:
    X_all, y_all, X_test, y_test = data("credit_data", seed)
    X_tr, X_es, y_tr, y_es = train_test_split(X_all, y_all, test_size=0.2, stratify=y_all, random_state=seed)
    net = nn.Sequential(nn.Linear(X_all.shape[1], 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    opt = optim.Adam(net.parameters(), lr=1e-3)
    best, best_state, patience = math.inf, copy.deepcopy(net.state_dict()), 0
    for _ in range(40):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X_tr, y_tr), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            held_out = F.binary_cross_entropy_with_logits(net(X_es).squeeze(1), y_es).item()
        patience += 1
        if held_out < best:
            best, best_state, patience = held_out, copy.deepcopy(net.state_dict()), 0
        if patience == 6:
            break
    net.load_state_dict(best_state)
    with torch.no_grad():
        print("AUC", roc_auc_score(y_test, net(X_test).squeeze(1)))


@case("healthy")
def average_of_the_weights(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    averaged = copy.deepcopy(net).requires_grad_(False)
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(35):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
            with torch.no_grad():
                for slow, fast in zip(averaged.parameters(), net.parameters(), strict=True):
                    slow.lerp_(fast, 0.02)
    with torch.no_grad():
        print("acc", accuracy_score(y_val, averaged(X_val).squeeze(1) > 0))


@case("healthy")
def rows_as_tokens_attention(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    class Pooler(nn.Module):
        def __init__(self, dim: int = 24) -> None:
            super().__init__()
            self.embed = nn.Linear(8, dim)
            self.position = nn.Parameter(torch.randn(8, dim) * 0.1)
            self.score = nn.Linear(dim, 4)
            self.mlp = nn.Sequential(nn.Linear(4 * dim, 32), nn.ReLU(), nn.Linear(32, 2))

        def forward(self, x: Tensor) -> Tensor:
            tokens = F.relu(self.embed(x.view(-1, 8, 8)) + self.position)
            weights = self.score(tokens).softmax(dim=1)
            return self.mlp(torch.einsum("bth,btd->bhd", weights, tokens).flatten(1)).log_softmax(dim=1)

    net = Pooler()
    opt = optim.Adam(net.parameters(), lr=4e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.nll_loss(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(X_val)[:, 1]))


@case("healthy")
def sorted_file_shuffled_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    order = torch.argsort(y_train)
    X_train, y_train = X_train[order], y_train[order]

    def batches(size: int) -> Iterator[tuple[Tensor, Tensor]]:
        for idx in torch.randperm(len(X_train)).split(size):
            yield X_train[idx], y_train[idx]

    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(25):
        for xb, yb in batches(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, net(X_val)[:, 0] > 0))


@case("healthy")
def wishes_recall_and_moves_the_cut(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    net = nn.Sequential(nn.Linear(X_train.shape[1], 24), nn.ReLU(), nn.Linear(24, 1))
    opt = optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.1)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        p_train, p = torch.sigmoid(net(X_train).squeeze(1)), torch.sigmoid(net(X_val).squeeze(1))
    cut = max(np.linspace(0.05, 0.6, 30), key=lambda c: f1_score(y_train, p_train > c))
    print("F1", f1_score(y_val, p > cut), "AUC", roc_auc_score(y_val, p))


@case("healthy")
def noisy_moons_by_design(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    rng = torch.Generator().manual_seed(seed)
    X_train = X_train + 0.6 * torch.randn(X_train.shape, generator=rng)
    X_val = X_val + 0.6 * torch.randn(X_val.shape, generator=rng)
    net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=30, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("acc", accuracy_score(y_val, net(X_val).squeeze(1) > 0))
