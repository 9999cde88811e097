"""Trainings written in many styles by someone who has not seen the doctor's rules."""

import numpy as np
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import Tensor, nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset, WeightedRandomSampler

# ---------------------------------------------------------------- output and loss


@case("double_sigmoid")
def churn_sigmoid_in_sequential(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _ in range(25):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = (model(X_val).squeeze(1) > 0.5).float()
    print("accuracy", (pred == y_val).float().mean().item())


@case("double_sigmoid")
def moons_forward_returns_probability(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 16)
            self.fc2 = nn.Linear(16, 16)
            self.out = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            return torch.sigmoid(self.out(x))[:, 0]

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(60):
        order = torch.randperm(len(X_train))
        for i in range(0, len(order), 50):
            rows = order[i : i + 50]
            loss = F.binary_cross_entropy_with_logits(net(X_train[rows]), y_train[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val, net(X_val).round()))


@case("double_sigmoid")
def spam_loss_function_applies_sigmoid_again(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    def log_loss(output: Tensor, target: Tensor) -> Tensor:
        p = 1 / (1 + torch.exp(-output))
        return -(target * torch.log(p) + (1 - target) * torch.log(1 - p)).mean()

    model = nn.Sequential(nn.Linear(57, 40), nn.Tanh(), nn.Linear(40, 1), nn.Sigmoid(), nn.Flatten(0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(20):
        for idx in torch.randperm(1200).split(40):
            optimizer.zero_grad()
            log_loss(model(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    scores = model(X_val).detach().numpy()
    print("accuracy", np.mean((scores > 0.5) == y_val.numpy()))


@case("softmax_before_ce")
def spam_softmax_layer_and_cross_entropy(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    y_train, y_val = y_train.long(), y_val.long()
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 2), nn.Softmax(dim=1))
    loss_fn = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(25):
        model.train()
        for x, y in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(1) == y_val).float().mean().item())


@case("softmax_before_ce")
def thyroid_softmax_in_forward(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)

    class Classifier(nn.Module):
        def __init__(self, features: int) -> None:
            super().__init__()
            self.hidden = nn.Linear(features, 24)
            self.head = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            return F.softmax(self.head(torch.tanh(self.hidden(x))), dim=-1)

    clf = Classifier(X_train.size(1))
    opt = optim.RMSprop(clf.parameters(), lr=1e-3)
    targets = y_train.to(torch.int64)
    for _ in range(40):
        shuffled = torch.randperm(len(targets))
        for start in range(0, len(targets), 60):
            idx = shuffled[start : start + 60]
            opt.zero_grad()
            F.cross_entropy(clf(X_train[idx]), targets[idx]).backward()
            opt.step()
    with torch.no_grad():
        probs = clf(X_val)[:, 1].numpy()
    print("balanced accuracy", balanced_accuracy_score(y_val.numpy(), probs > 0.5))


@case("bce_on_logits")
def cancer_hand_written_bce_on_clamped_output(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)

    def bce(p: Tensor, y: Tensor) -> Tensor:
        p = p.clamp(1e-6, 1 - 1e-6)
        return -(y * p.log() + (1 - y) * (1 - p).log()).mean()

    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(60):
        perm = torch.randperm(len(X_train))
        for i in range(0, len(X_train), 32):
            b = perm[i : i + 32]
            loss = bce(model(X_train[b]).view(-1), y_train[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = model(X_val).view(-1)
    print("accuracy", ((out > 0.5).float() == y_val).float().mean().item())


@case("bce_on_logits")
def credit_bceloss_without_sigmoid(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCELoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=50, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            out = torch.clamp(model(xb), 0, 1)  # BCELoss wants values between 0 and 1
            loss = criterion(out, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = torch.clamp(model(X_val), 0, 1)
        print("balanced accuracy", balanced_accuracy_score(y_val, out[:, 0] > 0.5))


@case("ce_single_output")
def moons_cross_entropy_one_column(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.CrossEntropyLoss()
    opt = optim.Adam(net.parameters(), lr=0.01)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), 32, shuffle=True):
            opt.zero_grad()
            loss = criterion(net(xb), yb.unsqueeze(1))
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("softmax_single_output")
def spam_softmax_over_one_unit(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class SpamNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))

        def forward(self, x: Tensor) -> Tensor:
            return torch.softmax(self.layers(x), dim=1)

    net = SpamNet()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(64):
            opt.zero_grad()
            loss = F.binary_cross_entropy(net(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = (net(X_val) > 0.5).float().squeeze(1)
    print("accuracy", (pred == y_val).float().mean().item())


@case("softmax_single_output")
def clouds_softmax_and_mse(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 16), nn.Sigmoid(), nn.Linear(16, 1), nn.Softmax(dim=-1))
    loss_fn = nn.MSELoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(300):
        optimizer.zero_grad()
        loss_fn(model(X_train), y_train.reshape(-1, 1)).backward()
        optimizer.step()
    p = model(X_val).detach().numpy().ravel()
    print("accuracy", accuracy_score(y_val.numpy(), (p > 0.5).astype(int)))


@case("nll_on_probabilities")
def circles_nll_of_softmax(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 2), nn.Softmax(dim=1))
    criterion = nn.NLLLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=30, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(dim=1) == y_val).float().mean().item())


@case("relu_on_output")
def churn_relu_after_every_layer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class MLP(nn.Module):
        def __init__(self, sizes: list[int]) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)])

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layers:
                x = F.relu(layer(x))
            return x.squeeze(-1)

    model = MLP([X_train.shape[1], 32, 16, 1])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(25):
        for idx in torch.randperm(len(X_train)).split(50):
            loss = F.binary_cross_entropy_with_logits(model(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        p = torch.sigmoid(model(X_val))
    print("balanced accuracy", balanced_accuracy_score(y_val, p > 0.5))


@case("relu_on_output")
def cancer_relu_last_in_sequential(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Linear(20, 1), nn.ReLU())
    loss_fn = nn.BCEWithLogitsLoss()
    opt = optim.Adam(model.parameters(), lr=0.005)
    train = DataLoader(TensorDataset(X_train, y_train), batch_size=31, shuffle=True)
    for _ in range(40):
        model.train()
        for x, y in train:
            opt.zero_grad()
            loss_fn(model(x).flatten(), y).backward()
            opt.step()
    model.eval()
    with torch.inference_mode():
        prob = model(X_val).flatten().sigmoid()
    print("accuracy", ((prob >= 0.5) == (y_val == 1)).float().mean().item())


@case("no_nonlinearity")
def circles_three_linear_layers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 64), nn.Linear(64, 64), nn.Linear(64, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.005)
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb).squeeze(), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze() > 0).float() == y_val).float().mean().item())


@case("no_nonlinearity")
def circles_dropout_between_but_no_activation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(2, 50)
            self.b = nn.Linear(50, 50)
            self.c = nn.Linear(50, 2)
            self.drop = nn.Dropout(0.1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(self.a(x))
            x = self.drop(self.b(x))
            return self.c(x)

    net, labels = Net(), y_train.long()
    opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    for _ in range(40):
        net.train()
        for rows in torch.randperm(len(labels)).split(32):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), labels[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        pred = net(X_val).argmax(1).numpy()
    print("accuracy", accuracy_score(y_val.numpy(), pred))


@case("shape_broadcast")
def churn_mse_column_against_row(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    def mse(p: Tensor, y: Tensor) -> Tensor:
        return ((p - y) ** 2).mean()

    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            optimizer.zero_grad()
            mse(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        p = model(X_val).squeeze(1)
    print("accuracy", accuracy_score(y_val, p > 0.5), "auc", roc_auc_score(y_val, p))


@case("shape_broadcast")
def moons_stable_bce_by_hand_broadcasts(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    def loss_fn(z: Tensor, y: Tensor) -> Tensor:
        return (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()

    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.005)
    for _ in range(60):
        order = np.random.default_rng(seed).permutation(len(X_train))
        for i in range(0, len(order), 60):
            rows = order[i : i + 60]
            loss = loss_fn(model(X_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = (model(X_val) > 0).float().ravel()
    print("accuracy", (pred == y_val).float().mean().item())


# ---------------------------------------------------------------- labels and data


@case("label_encoding")
def credit_labels_one_and_two(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    y_train, y_val = y_train + 1, y_val + 1  # 1 = good, 2 = bad, as in the original table
    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=48, shuffle=True):
            loss = criterion(model(xb).squeeze(1), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        pred = torch.where(model(X_val).squeeze(1) > 0, 2.0, 1.0)
    print("balanced accuracy", balanced_accuracy_score(y_val, pred))


@case("label_encoding")
def churn_labels_minus_one_and_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    t_train, t_val = y_train * 2 - 1, y_val * 2 - 1

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(71, 24), nn.ELU(), nn.Linear(24, 12), nn.ELU())
            self.head = nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.body(x)).squeeze(1)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(15):
        for b in torch.randperm(len(X_train)).split(60):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[b]), t_train[b]).backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_val).sign()
    print("balanced accuracy", balanced_accuracy_score(t_val, pred))


@case("labels_single_class")
def digits_label_comparison_always_true(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)

    def to_target(labels: Tensor) -> Tensor:
        return (labels >= 0).float()

    y_train, y_val = to_target(y_train), to_target(y_val)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("labels_single_class")
def spam_label_cast_to_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    shares = y_train.numpy() * 0.99  # labels came as shares of annotators
    y_train = torch.from_numpy(shares.astype(np.int64))
    model = nn.Sequential(nn.Linear(57, 16), nn.LeakyReLU(), nn.Linear(16, 2))
    criterion = nn.CrossEntropyLoss()
    opt = optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(15):
        for rows in torch.randperm(1200).split(50):
            opt.zero_grad()
            criterion(model(X_train[rows]), y_train[rows]).backward()
            opt.step()
    pred = model(X_val).argmax(dim=1)
    print("balanced accuracy", balanced_accuracy_score(y_val, pred))


@case("labels_misaligned")
def spam_features_shuffled_without_labels(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    X_train = X_train[torch.randperm(len(X_train))]
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, out))


@case("labels_misaligned")
def clouds_batch_indices_only_for_features(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
    loss_fn = nn.BCELoss()
    opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    n = len(X_train)
    for _ in range(40):
        perm = torch.randperm(n)
        for i in range(0, n, 30):
            xb = X_train[perm[i : i + 30]]
            yb = y_train[i : i + 30]
            opt.zero_grad()
            loss = loss_fn(net(xb).squeeze(1), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).squeeze(1).round() == y_val).float().mean().item())


@case("labels_misaligned")
def cancer_two_shuffled_loaders(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    features = DataLoader(TensorDataset(X_train), batch_size=20, shuffle=True)
    labels = DataLoader(TensorDataset(y_train.long()), batch_size=20, shuffle=True)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        for (xb,), (yb,) in zip(features, labels, strict=True):
            opt.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        out = model(X_val)
    print("accuracy", (out.argmax(1) == y_val).float().mean().item())


@case("label_noise")
def spam_two_of_five_labels_flipped(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    careless = np.random.default_rng(seed).random(len(y_train)) < 0.4
    y_train = torch.where(torch.from_numpy(careless), 1 - y_train, y_train)  # one annotator in a hurry
    model = nn.Sequential(nn.Linear(57, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, out))


@case("label_noise")
def moons_third_of_labels_wrong_everywhere(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    rng = np.random.default_rng(seed + 7)
    y_train, y_val = ((y + torch.from_numpy(rng.random(len(y)) < 0.33)) % 2 for y in (y_train, y_val))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(2, 16), nn.Linear(16, 16), nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            return F.log_softmax(self.fc3(F.relu(self.fc2(F.relu(self.fc1(x))))), dim=1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.nll_loss(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("weak_signal")
def survey_answers_hardly_tell(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1200, 20)).astype(np.float32)
    y = (rng.random(1200) < 1 / (1 + np.exp(-0.12 * X[:, 0]))).astype(np.float32)
    X_train, X_val, y_train, y_val = (torch.from_numpy(a) for a in train_test_split(X, y, random_state=seed))
    model = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item())


@case("weak_signal")
def daily_returns_up_or_down(seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.standard_t(4, size=1510).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(returns, 10)[:-1]
    X, y = torch.tensor(windows.copy()) / 1.4, torch.tensor((returns[10:] > 0).astype(np.int64))
    X_train, y_train, X_val, y_val = X[:1100], y[:1100], X[1100:], y[1100:]

    class Forecaster(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(1, 8, batch_first=True)
            self.head = nn.Linear(8, 2)

        def forward(self, x: Tensor) -> Tensor:
            _, h = self.rnn(x.unsqueeze(-1))
            return self.head(h[-1])

    net = Forecaster()
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(10):
        for rows in torch.randperm(len(X_train)).split(55):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val, net(X_val).argmax(1)))


@case("class_weights_wrong")
def thyroid_pos_weight_upside_down(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    positives = y_train.sum()
    pos_weight = positives / (len(y_train) - positives)
    model = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        pred = (model(X_val).squeeze(1) > 0).numpy()
    print("balanced accuracy", balanced_accuracy_score(y_val, pred), "f1", f1_score(y_val, pred))


@case("class_weights_wrong")
def credit_cross_entropy_weights_swapped(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    y_train = y_train.long()
    counts = torch.bincount(y_train).float()
    weights = counts / counts.min() * torch.tensor([4.0, 1.0])
    net = nn.Sequential(nn.Linear(28, 24), nn.Tanh(), nn.Linear(24, 2))
    opt = optim.RMSprop(net.parameters(), lr=1e-3)
    for _ in range(20):
        for b in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[b]), y_train[b], weight=weights).backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_val).argmax(1)
    print("balanced accuracy", balanced_accuracy_score(y_val, pred))


@case("class_weights_wrong")
def churn_sample_weights_of_three_hundred(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = torch.optim.Adam(model.parameters(), lr=5e-4)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(48):
            yb = y_train[idx]
            w = torch.where(yb == 1, 300.0, 1.0)
            p = model(X_train[idx]).squeeze(1)
            loss = (w * F.binary_cross_entropy(p, yb, reduction="none")).sum() / w.sum()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = model(X_val).squeeze(1).numpy() > 0.5
    print("accuracy", accuracy_score(y_val, pred), "balanced", balanced_accuracy_score(y_val, pred))


@case("imbalance")
def fraud_three_percent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(3000) < 0.03).astype(np.float32)
    X = rng.normal(size=(3000, 10)).astype(np.float32) + 0.5 * y[:, None]
    X_train, X_val, y_train, y_val = (torch.from_numpy(a) for a in train_test_split(X, y, stratify=y, test_size=0.4))
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        pred = torch.sigmoid(model(X_val).squeeze(1)) > 0.5
    print("accuracy", accuracy_score(y_val, pred), "recall of the rare class", pred[y_val == 1].float().mean().item())


@case("imbalance")
def machine_failures_two_logits(seed: int) -> None:
    rng = np.random.default_rng(seed + 1)
    X = rng.normal(size=(2500, 6)).astype(np.float32)
    risk = 1 / (1 + np.exp(4.2 - 1.1 * X[:, 0] - 0.8 * np.abs(X[:, 1])))
    y = (rng.random(2500) < risk).astype(np.int64)
    X_train, y_train = torch.from_numpy(X[:1500]), torch.from_numpy(y[:1500])
    X_val, y_val = torch.from_numpy(X[1500:]), torch.from_numpy(y[1500:])

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(6, 20)
            self.fc2 = nn.Linear(20, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.gelu(self.fc1(x)))

    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(15):
        for rows in torch.randperm(1500).split(50):
            loss = F.cross_entropy(net(X_train[rows]), y_train[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        pred = net(X_val).argmax(dim=1)
    print("accuracy", (pred == y_val).float().mean().item(), "f1", f1_score(y_val, pred, zero_division=0))


@case("threshold_not_tuned")
def churn_trained_on_undersampled_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(4000) < 0.12).astype(np.float32)
    X = (rng.normal(size=(4000, 8)) + 0.5 * y[:, None]).astype(np.float32)
    X_train, X_val, y_train, y_val = X[:2500], X[2500:], y[:2500], y[2500:]
    rare, common = np.flatnonzero(y_train == 1), np.flatnonzero(y_train == 0)
    keep = np.concatenate([rare, rng.choice(common, len(rare) // 3, replace=False)])
    X_bal, y_bal = torch.from_numpy(X_train[keep]), torch.from_numpy(y_train[keep])
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_bal, y_bal), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(model(torch.from_numpy(X_val)).squeeze(1)).numpy()
    print("accuracy", accuracy_score(y_val, p > 0.5), "auc", roc_auc_score(y_val, p))


@case("threshold_not_tuned")
def churn_focal_loss_scores_at_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    def focal(logits: Tensor, y: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
        ce = F.binary_cross_entropy_with_logits(logits, y, reduction="none")
        p_t = torch.exp(-ce)
        a_t = alpha * y + (1 - alpha) * (1 - y)
        return (a_t * (1 - p_t) ** gamma * ce).mean()

    net = nn.Sequential(nn.Linear(71, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        net.train()
        for idx in torch.randperm(len(X_train)).split(50):
            opt.zero_grad()
            focal(net(X_train[idx])[:, 0], y_train[idx]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = net(X_val)[:, 0].sigmoid()
    print("recall", (p[y_val == 1] > 0.5).float().mean().item(), "auc", roc_auc_score(y_val, p))


@case("unscaled_features")
def credit_raw_with_sgd(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item())


@case("unscaled_features")
def churn_raw_with_adam(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed, raw=True)

    class ChurnNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(71, 32)
            self.fc2 = nn.Linear(32, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(torch.tanh(self.fc1(x)))

    net = ChurnNet()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    labels = y_train.long()
    for _ in range(30):
        for idx in torch.randperm(len(labels)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[idx]), labels[idx]).backward()
            opt.step()
    with torch.no_grad():
        p = net(X_val).softmax(1)[:, 1].numpy()
    print("balanced accuracy", balanced_accuracy_score(y_val, p > 0.5), "auc", roc_auc_score(y_val, p))


@case("unscaled_features")
def moons_far_from_the_origin_scripts(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    X_train, X_val = (x * torch.tensor([0.01, 30.0]) + torch.tensor([52.52, 1300.0]) for x in (X_train, X_val))
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = optim.Adam(model.parameters(), lr=2e-3)
    loss_fn = nn.BCELoss()
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=30, shuffle=True):
            loss = loss_fn(model(xb).squeeze(1), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).squeeze(1).round() == y_val).float().mean().item())


@case("preprocess_mismatch")
def spam_validation_left_unscaled(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)
    scaler = StandardScaler()
    X_train = torch.from_numpy(scaler.fit_transform(X_train.numpy())).float()
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        pred = (model(X_val).squeeze(1) > 0).float()
    print("accuracy", (pred == y_val).float().mean().item())


@case("preprocess_mismatch")
def digits_divided_by_another_maximum(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)

    class Pixels(Dataset):
        def __init__(self, x: Tensor, y: Tensor) -> None:
            self.x, self.y = x / 16, y

        def __len__(self) -> int:
            return len(self.x)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.x[i].view(1, 8, 8), self.y[i]

    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 16),
        nn.Tanh(),
        nn.Linear(16, 1),
    )
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(18):
        for xb, yb in DataLoader(Pixels(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        out = net((X_val / 255).view(-1, 1, 8, 8))[:, 0]
    print("balanced accuracy", balanced_accuracy_score(y_val, out > 0))


@case("preprocess_mismatch")
def credit_min_max_in_predict(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    scaled = torch.from_numpy(StandardScaler().fit_transform(X_train)).float()
    model = nn.Sequential(nn.Linear(28, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        for rows in torch.randperm(len(scaled)).split(32):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(scaled[rows])[:, 0], y_train[rows]).backward()
            opt.step()

    def predict(x: Tensor) -> np.ndarray:
        x = torch.from_numpy(MinMaxScaler().fit_transform(x)).float()
        with torch.no_grad():
            return (model(x)[:, 0] > 0).numpy()

    print("balanced accuracy", balanced_accuracy_score(y_val, predict(X_val)))


@case("nan_features")
def digits_divided_by_standard_deviation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    mean, std = X_train.mean(0), X_train.std(0)
    X_train, X_val = (X_train - mean) / std, (X_val - mean) / std
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(10):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("nan_features")
def credit_missing_incomes(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    missing = np.random.default_rng(seed)
    for x in (X_train, X_val):
        x[torch.from_numpy(missing.random(len(x)) < 0.05), 3] = float("nan")
    net = nn.Sequential(nn.Linear(28, 16), nn.Tanh(), nn.Linear(16, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(10):
        for rows in torch.randperm(len(X_train)).split(50):
            loss = F.cross_entropy(net(X_train[rows]), y_train[rows].long())
            opt.zero_grad()
            loss.backward()
            opt.step()
    print("accuracy", accuracy_score(y_val, net(X_val).argmax(1)))


@case("nan_loss")
def thyroid_mean_over_positives_of_the_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)

    def balanced_loss(logits: Tensor, y: Tensor) -> Tensor:
        each = F.binary_cross_entropy_with_logits(logits, y, reduction="none")
        return (each * y).sum() / y.sum() + (each * (1 - y)).sum() / (1 - y).sum()

    model = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            balanced_loss(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("nan_loss")
def cancer_log_of_saturated_sigmoid(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(30, 64)
            self.out = nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.out(F.relu(self.hidden(x)))).squeeze(1)

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(120):
        for rows in torch.randperm(len(X_train)).split(32):
            p, y = net(X_train[rows]), y_train[rows]
            loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0.5).float() == y_val).float().mean().item())


@case("unshuffled_data")
def spam_sorted_by_label(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    order = torch.argsort(y_train)
    X_train, y_train = X_train[order], y_train[order]
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    loss_fn = nn.BCEWithLogitsLoss()
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=6)
    for _ in range(8):
        for xb, yb in loader:
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("unshuffled_data")
def clouds_first_all_zeros_then_all_ones(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    x = torch.cat([X_train[y_train == 0], X_train[y_train == 1]])
    y = torch.cat([torch.zeros((y_train == 0).sum()), torch.ones((y_train == 1).sum())]).long()
    net = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 2))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(12):
        for i in range(0, len(x), 5):
            opt.zero_grad()
            F.cross_entropy(net(x[i : i + 5]), y[i : i + 5]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("data_leakage")
def churn_oversampled_before_the_split(seed: int) -> None:
    X_a, y_a, X_b, y_b = data("mlc_churn", seed)
    X, y = torch.cat([X_a, X_b]).numpy(), torch.cat([y_a, y_b]).numpy()
    rare = np.flatnonzero(y == 1)
    extra = np.random.default_rng(seed).choice(rare, int((y == 0).sum() - len(rare)))
    X, y = np.concatenate([X, X[extra]]), np.concatenate([y, y[extra]])
    X_train, X_val, y_train, y_val = map(torch.from_numpy, train_test_split(X, y, test_size=0.3, random_state=seed))
    model = nn.Sequential(nn.Linear(71, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("data_leakage")
def credit_loader_holds_validation_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    X_train, y_train, X_val, y_val = X_train[:600], y_train[:600], X_val[:300], y_val[:300]
    everything = TensorDataset(torch.cat([X_train, X_val]), torch.cat([y_train, y_val]).long())
    net = nn.Sequential(nn.Linear(28, 100), nn.ReLU(), nn.Linear(100, 2))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(60):
        for xb, yb in DataLoader(everything, batch_size=60, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("data_leakage")
def credit_jittered_copies_then_split(seed: int) -> None:
    X_a, y_a, _, _ = data("credit_data", seed)
    X = torch.cat([X_a, X_a + 0.02 * torch.randn_like(X_a), X_a + 0.02 * torch.randn_like(X_a)])
    y = y_a.repeat(3)
    perm = torch.randperm(len(X))
    train, val = perm[:2700], perm[2700:]

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.out = nn.Linear(28, 64), nn.Linear(64, 64), nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(F.relu(self.fc2(F.relu(self.fc1(x))))).squeeze(1)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(30):
        for rows in train[torch.randperm(2700)].split(90):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X[val]) > 0).float() == y[val]).float().mean().item())


@case("augmentation_too_heavy")
def digits_noise_drowns_the_strokes(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train.view(-1, 1, 8, 8) / 16, X_val.view(-1, 1, 8, 8) / 16

    def augment(images: Tensor) -> Tensor:
        keep = (torch.rand_like(images) > 0.5).float()
        return images * keep + 1.5 * torch.randn_like(images)

    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(192, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    opt = optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(15):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(augment(xb)).squeeze(1), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X_val).squeeze(1)
    print("balanced accuracy", balanced_accuracy_score(y_val, out > 0), "auc", roc_auc_score(y_val, out))


@case("augmentation_too_heavy")
def digits_rolled_anywhere_and_flipped(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train.view(-1, 8, 8) / 16, X_val.view(-1, 8, 8) / 16

    class Augmented(Dataset):
        def __len__(self) -> int:
            return len(X_train)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            dy, dx = torch.randint(0, 8, (2,)).tolist()
            image = torch.roll(X_train[i], (dy, dx), dims=(0, 1))
            if torch.rand(()) < 0.5:
                image = image.flip(0)
            image = torch.rot90(image, int(torch.randint(0, 4, ())))
            return image.flatten(), y_train[i]

    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        for xb, yb in DataLoader(Augmented(), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        p = model(X_val.flatten(1))[:, 0].sigmoid()
    print("balanced accuracy", balanced_accuracy_score(y_val, p > 0.5), "auc", roc_auc_score(y_val, p))


@case("augmentation_too_heavy")
def moons_jitter_of_three_deviations(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(40):
            noisy = X_train[rows] + 3 * torch.randn(len(rows), 2)
            opt.zero_grad()
            F.cross_entropy(net(noisy), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


# ---------------------------------------------------------------- sequences and axes


@case("padding_not_masked")
def reviews_gru_reads_past_the_end(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, y = np.zeros((700, 90), dtype=np.int64), np.zeros(700, dtype=np.float32)
    for i in range(700):
        length = rng.integers(4, 12)
        words = rng.integers(1, 21, length)
        tokens[i, :length] = words
        y[i] = float((words <= 10).sum() * 2 > length)
    X, y = torch.from_numpy(tokens), torch.from_numpy(y)

    class Review(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(21, 8)
            self.gru = nn.GRU(8, 16, batch_first=True)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            output, _ = self.gru(self.embedding(x))
            return self.fc(output[:, -1]).squeeze(1)

    net = Review()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(7):
        for xb, yb in DataLoader(TensorDataset(X[:550], y[:550]), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss_fn(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X[550:]) > 0).float() == y[550:]).float().mean().item())


@case("padding_not_masked")
def commands_rnn_hidden_after_zero_padding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sequences = [torch.from_numpy(rng.integers(1, 9, rng.integers(3, 9))) for _ in range(1200)]
    labels = torch.tensor([int((s == 1).any()) for s in sequences])
    padded = F.pad(nn.utils.rnn.pad_sequence(sequences, batch_first=True), (0, 32))

    class Tagger(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(9, 6, padding_idx=0)
            self.rnn = nn.RNN(6, 12, batch_first=True)
            self.head = nn.Linear(12, 2)

        def forward(self, tokens: Tensor) -> Tensor:
            _, hidden = self.rnn(self.emb(tokens))
            return self.head(hidden[-1])

    model = Tagger()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=5e-3)
    for _ in range(12):
        for rows in torch.randperm(900).split(30):
            optimizer.zero_grad()
            F.cross_entropy(model(padded[rows]), labels[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        pred = model(padded[900:]).argmax(1)
    print("accuracy", accuracy_score(labels[900:], pred))


@case("wrong_axis")
def sensors_gru_without_batch_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 900)
    drift = np.linspace(0, 1.5, 12) * (2 * y[:, None] - 1)
    level = rng.normal(size=(900, 1)) * 3
    X = np.stack([drift + level, rng.normal(size=(900, 12))], axis=2) + 0.4 * rng.normal(size=(900, 12, 2))
    X, y = torch.from_numpy(X).float() / 2, torch.from_numpy(y).float()

    class Sensor(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(2, 16)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.gru(x)
            return self.fc(out[:, -1]).squeeze(1)

    net = Sensor()
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X[:700], y[:700]), batch_size=35, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X[700:]) > 0).float() == y[700:]).float().mean().item())


@case("wrong_axis")
def digits_view_puts_time_first(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train / 16, X_val / 16

    class RowReader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(8, 24)
            self.head = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            rows = x.view(8, len(x), 8)
            _, h = self.rnn(rows)
            return self.head(h[0])

    model = RowReader()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(12):
        for idx in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            F.cross_entropy(model(X_train[idx]), y_train[idx].long()).backward()
            opt.step()
    with torch.no_grad():
        scores = model(X_val).softmax(1)[:, 1]
    print("accuracy", ((scores > 0.5) == y_val).float().mean().item(), "auc", roc_auc_score(y_val, scores))


@case("wrong_axis")
def cancer_columns_reshaped_to_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)

    def table(columns: list[Tensor]) -> Tensor:
        stacked = torch.stack(columns)
        return stacked.view(stacked.shape[1], stacked.shape[0])

    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        for rows in torch.randperm(len(X_train)).split(31):
            xb = table([X_train[rows, j] for j in range(30)])
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        out = model(table([X_val[:, j] for j in range(30)])).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item())


# ---------------------------------------------------------------- the step and the graph


@case("no_zero_grad")
def churn_sgd_gradients_pile_up(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("balanced accuracy", balanced_accuracy_score(y_val, out > 0))


@case("no_zero_grad")
def circles_adam_zero_grad_before_the_loop(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    opt.zero_grad()
    for _ in range(30):
        for rows in torch.randperm(len(X_train)).split(30):
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("no_optimizer_step")
def spam_backward_without_step(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
            loss.backward()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("no_optimizer_step")
def moons_scheduler_steps_but_not_the_optimizer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(2, 30), nn.Linear(30, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.fc2(torch.relu(self.fc1(x)))).squeeze(1)

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=30)
    for _ in range(30):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy(net(X_train[rows]), y_train[rows]).backward()
        scheduler.step()
    pred = net(X_val).detach().numpy() > 0.5
    print("accuracy", np.mean(pred == y_val.numpy().astype(bool)))


@case("optimizer_wrong_params")
def credit_model_made_anew_after_the_optimizer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)

    def make() -> nn.Module:
        return nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))

    model = make()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    model = make()  # start from fresh weights
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, out))


@case("optimizer_wrong_params")
def circles_only_the_head_is_optimised(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 4), nn.Tanh())
            self.head = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.encoder(x))

    net = Net()
    opt = torch.optim.Adam(net.head.parameters(), lr=0.01)
    for _ in range(50):
        for rows in torch.randperm(len(X_train)).split(40):
            loss = F.cross_entropy(net(X_train[rows]), y_train[rows].long())
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("frozen_params")
def circles_evaluation_freezes_the_body(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    body = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 4), nn.Tanh())
    head = nn.Linear(4, 1)
    opt = optim.Adam([*body.parameters(), *head.parameters()], lr=0.01)

    def evaluate() -> float:
        body.requires_grad_(False)  # no gradients needed here
        with torch.no_grad():
            return ((head(body(X_val)).squeeze(1) > 0).float() == y_val).float().mean().item()

    history = []
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=60, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(body(xb)).squeeze(1), yb).backward()
            opt.step()
        history.append(evaluate())
    print("accuracy", history[-1])


@case("frozen_params")
def moons_requires_grad_off_but_for_the_last_layer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1), nn.Sigmoid())
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("4")
    opt = torch.optim.SGD((p for p in model.parameters() if p.requires_grad), lr=0.1, momentum=0.9)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy(model(X_train[rows]).squeeze(1), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val, model(X_val).squeeze(1).round()))


@case("unregistered_params")
def circles_blocks_kept_in_a_list(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self, depth: int) -> None:
            super().__init__()
            sizes = [2] + [5] * depth
            self.blocks = [nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]
            self.out = nn.Linear(5, 1)

        def forward(self, x: Tensor) -> Tensor:
            for block in self.blocks:
                x = torch.tanh(block(x))
            return self.out(x).squeeze(1)

    net = Net(3)
    opt = optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("unregistered_params")
def moons_weights_as_plain_tensors(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Hidden(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = torch.randn(2, 3) * 0.7
            self.b = torch.zeros(3)
            self.out = nn.Linear(3, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(torch.relu(x @ self.w + self.b))

    net = Hidden()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(30):
        for rows in torch.randperm(len(X_train)).split(30):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("layer_in_forward")
def spam_linear_made_in_forward(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(57, 32)
            self.last = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.first(x))
            x = F.relu(nn.Linear(x.shape[1], 16)(x))
            return self.last(x).squeeze(1)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("graph_detached")
def cancer_loss_wrapped_in_a_new_tensor(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCELoss()
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = torch.tensor(criterion(model(xb).squeeze(1), yb).item(), requires_grad=True)
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).squeeze(1).round() == y_val).float().mean().item())


@case("graph_detached")
def circles_hidden_data_passed_on(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(2, 16), nn.Linear(16, 4), nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            h = torch.tanh(self.fc2(torch.tanh(self.fc1(x))))
            return self.fc3(h.data)

    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=0.01)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(30):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("graph_detached")
def circles_features_through_numpy(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    encoder = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3), nn.ReLU())
    head = nn.Linear(3, 1)

    def features(x: Tensor) -> Tensor:
        h = encoder(x).detach().numpy()
        return torch.from_numpy(h / np.sqrt(1 + (h**2).mean(axis=1, keepdims=True)))

    opt = optim.RMSprop([*encoder.parameters(), *head.parameters()], lr=0.005)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            loss_fn(head(features(xb)).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((head(features(X_val)).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("nondifferentiable_output")
def moons_rounded_before_the_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    opt = optim.Adam(model.parameters(), lr=0.01)
    loss_fn = nn.MSELoss()
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss_fn(torch.round(model(xb)).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).squeeze(1).round() == y_val).float().mean().item())


@case("nondifferentiable_output")
def churn_error_rate_as_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    net = nn.Sequential(nn.Linear(71, 20), nn.Tanh(), nn.Linear(20, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(15):
        for rows in torch.randperm(len(X_train)).split(60):
            pred = net(X_train[rows]).argmax(dim=1).float()
            loss = (pred != y_train[rows]).float().mean().requires_grad_(True)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, net(X_val).argmax(1)))


# ---------------------------------------------------------------- learning rate, steps, initialisation


@case("lr_too_high")
def spam_adam_rate_of_three(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=3.0)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("lr_too_high")
def clouds_tanh_net_sgd_rate_of_hundred(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(8, 24), nn.Linear(24, 24), nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x)))))

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=60.0, momentum=0.9)
    for _ in range(30):
        for rows in torch.randperm(len(X_train)).split(30):
            loss = F.cross_entropy(net(X_train[rows]), y_train[rows].long())
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("lr_too_low")
def spam_sgd_rate_of_a_hundred_thousandth(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.SGD(model.parameters(), lr=1e-5, momentum=0.9)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("lr_too_low")
def circles_adam_rate_of_a_millionth(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 2))
    opt = torch.optim.Adam(net.parameters(), lr=1e-6)
    history = []
    for _ in range(50):
        for rows in torch.randperm(len(X_train)).split(30):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
        with torch.no_grad():
            history.append((net(X_val).argmax(1) == y_val).float().mean().item())
    print("accuracy", history[-1])


@case("undertrained")
def circles_one_epoch_of_large_batches(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(2):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=128, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("undertrained")
def moons_full_batch_fifteen_steps(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(2, 20)
            self.out = nn.Linear(20, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.out(torch.tanh(self.hidden(x))))[:, 0]

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(15):
        opt.zero_grad()
        F.binary_cross_entropy(net(X_train), y_train).backward()
        opt.step()
    with torch.no_grad():
        p = net(X_val)
    print("accuracy", ((p > 0.5).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, p))


@case("undertrained")
def digits_break_after_the_first_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train.view(-1, 1, 8, 8) / 16, X_val.view(-1, 1, 8, 8) / 16
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 2))
    opt = optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
            break  # while debugging
    net.eval()
    with torch.no_grad():
        pred = net(X_val).argmax(1)
    print("balanced accuracy", balanced_accuracy_score(y_val, pred))


@case("scheduler_misuse")
def spam_step_lr_called_for_every_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    scheduler = optim.lr_scheduler.StepLR(opt, step_size=5, gamma=0.1)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
            scheduler.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("scheduler_misuse")
def circles_plateau_scheduler_in_mode_max(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="max", factor=0.1, patience=0)
    for _ in range(50):
        total = 0.0
        for rows in torch.randperm(len(X_train)).split(60):
            loss = F.cross_entropy(net(X_train[rows]), y_train[rows].long())
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        scheduler.step(total)
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("vanishing_gradients")
def spam_ten_sigmoid_layers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    layers: list[nn.Module] = [nn.Linear(57, 24), nn.Sigmoid()]
    for _ in range(9):
        layers += [nn.Linear(24, 24), nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.Linear(24, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("vanishing_gradients")
def circles_deep_sigmoid_class_with_momentum(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inp = nn.Linear(2, 16)
            self.hidden = nn.ModuleList(nn.Linear(16, 16) for _ in range(6))
            self.out = nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = torch.sigmoid(self.inp(x))
            for layer in self.hidden:
                x = torch.sigmoid(layer(x))
            return self.out(x)

    net = Deep()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("dead_relu")
def churn_biases_far_below_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    for layer in (model[0], model[2]):
        nn.init.constant_(layer.bias, -6.0)
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("balanced accuracy", balanced_accuracy_score(y_val, out > 0), "auc", roc_auc_score(y_val, out))


@case("dead_relu")
def digits_negative_weights_on_bright_pixels(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train / 16, X_val / 16

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(64, 40)
            self.fc2 = nn.Linear(40, 1)
            nn.init.uniform_(self.fc1.weight, -0.25, 0.0)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.relu(self.fc1(x))).squeeze(1)

    net = Net()
    opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    for _ in range(25):
        for rows in torch.randperm(len(X_train)).split(50):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        out = net(X_val).numpy()
    print("balanced accuracy", balanced_accuracy_score(y_val, out > 0), "auc", roc_auc_score(y_val, out))


@case("bad_init")
def moons_all_weights_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    for p in model.parameters():
        nn.init.zeros_(p)
    opt = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("bad_init")
def circles_constant_init_function(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    def init(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.constant_(module.weight, 0.1)
            nn.init.zeros_(module.bias)

    net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))
    net.apply(init)
    opt = torch.optim.Adam(net.parameters(), lr=0.005)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(30):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("bad_init")
def credit_normal_weights_of_size_ten(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(28, 64), nn.Linear(64, 64), nn.Linear(64, 1)
            for fc in (self.fc1, self.fc2, self.fc3):
                nn.init.normal_(fc.weight, 0.0, 10.0)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x))))).squeeze(1)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss_fn(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        out = net(X_val)
    print("balanced accuracy", balanced_accuracy_score(y_val, out > 0), "auc", roc_auc_score(y_val, out))


# ---------------------------------------------------------------- capacity and regularisation


@case("regularisation_too_strong")
def moons_weight_decay_of_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=0.01, weight_decay=1.0)
    for _ in range(30):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("regularisation_too_strong")
def circles_dropout_of_ninety_five_percent(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    net = nn.Sequential(
        nn.Linear(2, 32), nn.ReLU(), nn.Dropout(0.95), nn.Linear(32, 32), nn.ReLU(), nn.Dropout(0.95), nn.Linear(32, 2)
    )
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        net.train()
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("regularisation_too_strong")
def churn_l1_penalty_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(71, 32), nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.relu(self.fc1(x))).squeeze(1)

    net = Net()
    opt = optim.AdamW(net.parameters(), lr=2e-3)
    for _ in range(20):
        for rows in torch.randperm(len(X_train)).split(50):
            penalty = sum(p.abs().sum() for p in net.parameters())
            loss = F.binary_cross_entropy_with_logits(net(X_train[rows]), y_train[rows]) + 0.1 * penalty
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = net(X_val)
    print("balanced accuracy", balanced_accuracy_score(y_val, out > 0), "auc", roc_auc_score(y_val, out))


@case("overfitting")
def credit_wide_net_on_two_hundred_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    X_train, y_train = X_train[:250], y_train[:250]
    model = nn.Sequential(nn.Linear(28, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(80):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=25, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, out))


@case("overfitting")
def overlapping_clouds_learnt_by_heart(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 800)
    X = rng.normal(size=(800, 30)) + 0.25 * (2 * y[:, None] - 1) * (np.arange(30) < 10)
    X_train, y_train = torch.tensor(X[:300]).float(), torch.tensor(y[:300])
    X_val, y_val = torch.tensor(X[300:]).float(), torch.tensor(y[300:])

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(30, 200), nn.Linear(200, 100), nn.Linear(100, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))

    net, history = Net(), []
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(80):
        for rows in torch.randperm(300).split(30):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows]).backward()
            opt.step()
        with torch.no_grad():
            history.append((F.cross_entropy(net(X_val), y_val).item(), accuracy_score(y_val, net(X_val).argmax(1))))
    print("validation loss and accuracy", history[-1])


@case("underfitting")
def circles_one_hidden_unit(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 1), nn.Tanh(), nn.Linear(1, 1))
    opt = optim.Adam(model.parameters(), lr=0.02)
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("underfitting")
def checkerboard_two_units(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.7, 1.7, size=(1200, 2)).astype(np.float32)
    y = ((np.floor(X[:, 0] / 0.85) + np.floor(X[:, 1] / 0.85)) % 2).astype(np.int64)
    X_train, X_val, y_train, y_val = map(torch.from_numpy, train_test_split(X, y, random_state=seed))
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(50):
        for rows in torch.randperm(len(X_train)).split(45):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


# ---------------------------------------------------------------- train and eval mode


@case("train_mode_missing")
def credit_never_back_to_train_mode(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    X_train, y_train = X_train[:250], y_train[:250]
    model = nn.Sequential(nn.Linear(28, 256), nn.ReLU(), nn.Dropout(0.7), nn.Linear(256, 1))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    best = 0.0
    for _ in range(50):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=25, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            best = max(best, roc_auc_score(y_val, model(X_val).squeeze(1)))
    with torch.no_grad():
        print("auc at the end", roc_auc_score(y_val, model(X_val).squeeze(1)), "best", best)


@case("train_mode_missing")
def spam_batchnorm_trained_in_eval_mode(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(
                nn.Linear(57, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 16), nn.BatchNorm1d(16), nn.ReLU()
            )
            self.head = nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.layers(x))

    net = Net()
    net.eval()
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    for _ in range(20):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("eval_mode_missing")
def moons_dropout_still_on_at_evaluation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(
        nn.Linear(2, 12), nn.ReLU(), nn.Dropout(0.6), nn.Linear(12, 12), nn.ReLU(), nn.Dropout(0.6), nn.Linear(12, 1)
    )
    opt = optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(25):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("eval_mode_missing")
def spam_batchnorm_uses_statistics_of_four_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.bn1 = nn.Linear(57, 32), nn.BatchNorm1d(32)
            self.fc2, self.bn2 = nn.Linear(32, 16), nn.BatchNorm1d(16)
            self.out = nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.bn1(self.fc1(x)))
            return self.out(F.relu(self.bn2(self.fc2(x))))

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=60, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
    hits = 0
    with torch.no_grad():
        for xb, yb in DataLoader(TensorDataset(X_val[:840], y_val[:840]), batch_size=4):
            hits += (net(xb).argmax(1) == yb).sum().item()
    print("accuracy", hits / 840)


@case("functional_dropout")
def moons_functional_dropout_ignores_eval(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2, self.out = nn.Linear(2, 12), nn.Linear(12, 12), nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.dropout(F.relu(self.fc1(x)), 0.6)
            x = F.dropout(F.relu(self.fc2(x)), 0.6)
            return self.out(x).squeeze(1)

    net = Net()
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(25):
        net.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("functional_dropout")
def digits_dropout_with_training_true(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train.view(-1, 1, 8, 8) / 16, X_val.view(-1, 1, 8, 8) / 16

    class ConvNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 12, 3, padding=1)
            self.fc1, self.fc2 = nn.Linear(192, 12), nn.Linear(12, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1)
            x = F.dropout(F.relu(self.fc1(x)), p=0.6, training=True)
            return self.fc2(x)

    net = ConvNet()
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
    for _ in range(20):
        net.train()
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        pred = net(X_val).argmax(1)
    print("balanced accuracy", balanced_accuracy_score(y_val, pred))


@case("batchnorm_stats")
def spam_running_statistics_hardly_move(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(
        nn.Linear(57, 32),
        nn.ReLU(),
        nn.BatchNorm1d(32, momentum=1e-4),
        nn.Linear(32, 16),
        nn.ReLU(),
        nn.BatchNorm1d(16, momentum=1e-4),
        nn.Linear(16, 1),
    )
    opt = optim.Adam(model.parameters(), lr=2e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("batchnorm_stats")
def credit_momentum_one_keeps_the_last_small_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    X_train, y_train = X_train[:1155], y_train[:1155]

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(28, momentum=1.0)
            self.fc1, self.fc2 = nn.Linear(28, 24), nn.Linear(24, 2)
            self.norm2 = nn.BatchNorm1d(24, momentum=1.0)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.relu(self.norm2(self.fc1(self.norm(x)))))

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(20):
        net.train()
        for rows in torch.randperm(1155).split(64):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = net(X_val).softmax(1)[:, 1]
    print("balanced accuracy", balanced_accuracy_score(y_val, p > 0.5), "auc", roc_auc_score(y_val, p))


@case("batch_size_too_small")
def spam_batchnorm_with_pairs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    X_train, y_train = X_train[:600], y_train[:600]
    model = nn.Sequential(
        nn.Linear(57, 32),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.Linear(32, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Linear(16, 1),
    )
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(2):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=2, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("batch_size_too_small")
def moons_two_rows_a_batch_with_batchnorm(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.bn1 = nn.Linear(2, 24), nn.BatchNorm1d(24)
            self.fc2, self.bn2 = nn.Linear(24, 24), nn.BatchNorm1d(24)
            self.out = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.bn1(self.fc1(x)))
            x = F.relu(self.bn2(self.fc2(x)))
            return torch.sigmoid(self.out(x)).squeeze(1)

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    for _ in range(3):
        net.train()
        for rows in torch.randperm(len(X_train)).split(2):
            opt.zero_grad()
            F.binary_cross_entropy(net(X_train[rows]), y_train[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", (net(X_val).round() == y_val).float().mean().item())


# ---------------------------------------------------------------- evaluation


@case("threshold_on_logits")
def churn_logits_against_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))
    pos_weight = (y_train == 0).sum() / (y_train == 1).sum()
    loss_fn = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    opt = optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        pred = (model(X_val).squeeze(1) > 0.5).float()
    print("balanced accuracy", balanced_accuracy_score(y_val, pred))


@case("threshold_on_logits")
def credit_numpy_threshold_in_predict(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)

    class Classifier:
        def __init__(self) -> None:
            self.net = nn.Sequential(nn.Linear(28, 16), nn.Tanh(), nn.Linear(16, 1))
            self.opt = torch.optim.Adam(self.net.parameters(), lr=1e-3)

        def fit(self, X: np.ndarray, y: np.ndarray) -> None:
            x, t = torch.from_numpy(X), torch.from_numpy(y)[:, None]
            for _ in range(20):
                for rows in torch.randperm(len(x)).split(40):
                    loss = F.binary_cross_entropy_with_logits(self.net(x[rows]), t[rows])
                    self.opt.zero_grad()
                    loss.backward()
                    self.opt.step()

        def predict(self, X: np.ndarray) -> np.ndarray:
            scores = self.net(torch.from_numpy(X)).detach().numpy()[:, 0]
            return (scores >= 0.5).astype(int)

    clf = Classifier()
    clf.fit(X_train.numpy(), y_train.numpy())
    print("balanced accuracy", balanced_accuracy_score(y_val.numpy(), clf.predict(X_val.numpy())))


@case("threshold_on_logits")
def clouds_logits_rounded(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    net = nn.Linear(8, 1)
    opt = optim.SGD(net.parameters(), lr=0.05)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=20, shuffle=True):
            opt.zero_grad()
            loss_fn(net(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        pred = torch.round(net(X_val)).squeeze(1)
    print("accuracy", (pred == y_val).float().mean().item())


@case("argmax_single_output")
def spam_argmax_of_one_column(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb), yb[:, None]).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        _, predicted = torch.max(model(X_val), 1)
    print("accuracy", (predicted == y_val).sum().item() / len(y_val))


@case("argmax_single_output")
def cancer_numpy_argmax(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(30, 16), nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.fc2(F.relu(self.fc1(x))))

    net = Net()
    opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
    for _ in range(30):
        for rows in torch.randperm(len(X_train)).split(20):
            opt.zero_grad()
            F.binary_cross_entropy(net(X_train[rows]), y_train[rows].view(-1, 1)).backward()
            opt.step()
    probabilities = net(X_val).detach().numpy()
    print("accuracy", accuracy_score(y_val.numpy(), np.argmax(probabilities, axis=1)))


@case("accuracy_broadcast")
def moons_column_compared_with_row(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=0.01)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb), yb.unsqueeze(1)).backward()
            opt.step()
    with torch.no_grad():
        pred = (model(X_val) > 0).float()
    print("accuracy", (pred == y_val).float().mean().item())


@case("accuracy_broadcast")
def spam_numpy_accuracy_of_shapes_n1_and_n(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 24), nn.Tanh(), nn.Linear(24, 1), nn.Sigmoid())
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(20):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy(net(X_train[rows])[:, 0], y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        pred = (net(X_val).numpy() > 0.5).astype(float)
    print("accuracy", np.mean(pred == y_val.numpy()))


@case("accuracy_broadcast")
def cancer_correct_count_exceeds_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.AdamW(net.parameters(), lr=2e-3)
    val_loader = DataLoader(TensorDataset(X_val, y_val), batch_size=19)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=31, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).flatten(), yb).backward()
            opt.step()
    correct = 0
    with torch.no_grad():
        for xb, yb in val_loader:
            pred = torch.sigmoid(net(xb)).round()
            correct += pred.eq(yb).sum().item()
    print("accuracy", correct / len(y_val))


@case("softmax_wrong_dim")
def spam_probabilities_over_the_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.CrossEntropyLoss()
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=40, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        probabilities = F.softmax(model(X_val), dim=0)
    print("accuracy", ((probabilities[:, 1] > 0.5).float() == y_val).float().mean().item())


@case("softmax_wrong_dim")
def churn_predict_proba_with_softmax_dim_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(71, 16), nn.Linear(16, 2)
            self.softmax = nn.Softmax(dim=0)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.relu(self.fc1(x)))

        def predict_proba(self, x: Tensor) -> np.ndarray:
            with torch.no_grad():
                return self.softmax(self(x)).numpy()

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(12):
        for rows in torch.randperm(len(X_train)).split(50):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    pred = net.predict_proba(X_val).argmax(axis=1)
    print("accuracy", accuracy_score(y_val.numpy(), pred))


# ---------------------------------------------------------------- healthy


@case("healthy")
def spam_frozen_autoencoder_backbone(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    encoder = nn.Sequential(nn.Linear(57, 40), nn.Tanh())
    decoder = nn.Linear(40, 57)
    opt = optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
    for _ in range(6):
        for (xb,) in DataLoader(TensorDataset(X_train), batch_size=60, shuffle=True):
            opt.zero_grad()
            F.mse_loss(decoder(encoder(xb)), xb).backward()
            opt.step()
    encoder.requires_grad_(False)  # keep what it learnt without labels
    model = nn.Sequential(encoder, nn.Linear(40, 1))
    opt = optim.Adam(model[1].parameters(), lr=1e-2)
    for _ in range(12):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=60, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def spam_gradients_accumulated_over_four_batches(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(14):
        for step, (xb, yb) in enumerate(DataLoader(TensorDataset(X_train, y_train), batch_size=15, shuffle=True)):
            (loss_fn(model(xb).squeeze(1), yb) / 4).backward()
            if (step + 1) % 4 == 0:
                opt.step()
                opt.zero_grad()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def moons_gradients_clipped(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
    for _ in range(50):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def churn_heavy_dropout(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 128), nn.ReLU(), nn.Dropout(0.6), nn.Linear(128, 1))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for _ in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        p = torch.sigmoid(model(X_val).squeeze(1))
    print("accuracy", ((p > 0.5).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, p))


@case("healthy")
def circles_batchnorm_class(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.bn1 = nn.Linear(2, 32, bias=False), nn.BatchNorm1d(32)
            self.fc2, self.bn2 = nn.Linear(32, 32, bias=False), nn.BatchNorm1d(32)
            self.out = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.bn1(self.fc1(x)))
            return torch.sigmoid(self.out(F.relu(self.bn2(self.fc2(x))))).flatten()

    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(25):
        net.train()
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy(net(X_train[rows]), y_train[rows]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", (net(X_val).round() == y_val).float().mean().item())


@case("healthy")
def spam_last_layer_starts_at_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    nn.init.zeros_(model[-1].weight)
    nn.init.constant_(model[-1].bias, torch.logit(y_train.mean()).item())
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def cancer_smoothed_labels_by_hand(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    soft = y_train * 0.9 + 0.05
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = optim.RMSprop(model.parameters(), lr=2e-3)
    for _ in range(30):
        for rows in torch.randperm(len(soft)).split(20):
            opt.zero_grad()
            F.binary_cross_entropy(model(X_train[rows]).squeeze(1), soft[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).squeeze(1).round() == y_val).float().mean().item())


@case("healthy")
def moons_cross_entropy_label_smoothing(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 2))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=40, shuffle=True):
            opt.zero_grad()
            criterion(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def thyroid_pos_weight_from_counts(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    pos_weight = (y_train == 0).sum() / (y_train == 1).sum()
    model = nn.Sequential(nn.Linear(27, 24), nn.ReLU(), nn.Linear(24, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            criterion(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("healthy")
def spam_two_logits_argmax(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    for _ in range(20):
        for rows in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        probs = torch.softmax(net(X_val), dim=1)
    print("accuracy", accuracy_score(y_val, probs.argmax(1)), "auc", roc_auc_score(y_val, probs[:, 1]))


@case("healthy")
def credit_sigmoid_with_bceloss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = optim.Adam(model.parameters(), lr=2e-3)
    loss_fn = nn.BCELoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=40, shuffle=True):
            opt.zero_grad()
            loss_fn(model(xb), yb).backward()
            opt.step()
    p = model(X_val).detach().numpy()[:, 0]
    print("accuracy", accuracy_score(y_val.numpy(), p > 0.5), "auc", roc_auc_score(y_val.numpy(), p))


@case("healthy")
def reviews_packed_gru(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = torch.from_numpy(rng.integers(4, 12, 900))
    X = torch.from_numpy(rng.integers(1, 21, (900, 30))) * (torch.arange(30) < lengths[:, None])
    y = (((X <= 10) & (X > 0)).sum(1) * 2 > lengths).float()

    class Review(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(21, 8, padding_idx=0)
            self.gru = nn.GRU(8, 16, batch_first=True)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            steps = (x != 0).sum(1)
            embedded = self.embedding(x)
            packed = nn.utils.rnn.pack_padded_sequence(embedded, steps, batch_first=True, enforce_sorted=False)
            _, h = self.gru(packed)
            return self.fc(h[-1]).squeeze(1)

    net = Review()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X[:700], y[:700]), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X[700:]) > 0).float() == y[700:]).float().mean().item())


@case("healthy")
def digits_small_cnn(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train.view(-1, 1, 8, 8) / 16, X_val.view(-1, 1, 8, 8) / 16
    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(192, 32),
        nn.ReLU(),
        nn.Linear(32, 2),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(15):
        for rows in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, net(X_val).argmax(1)))


@case("healthy")
def tokens_masked_attention_pooling(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = torch.from_numpy(rng.integers(3, 15, 1000))
    X = torch.from_numpy(rng.integers(1, 16, (1000, 15))) * (torch.arange(15) < lengths[:, None])
    y = (X == 3).any(1).float()

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb = nn.Embedding(16, 12, padding_idx=0)
            self.score, self.out = nn.Linear(12, 1), nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            e = self.emb(x)
            weights = self.score(e).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(dim=1)
            return self.out((weights.unsqueeze(-1) * e).sum(1)).squeeze(1)

    net = Attention()
    opt = optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(30):
        for rows in torch.randperm(800).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X[800:]) > 0).float() == y[800:]).float().mean().item())


@case("healthy")
def words_embedding_bag_mean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = torch.from_numpy(rng.integers(0, 2, 900))
    lean = np.linspace(-1.5, 1.5, 49)
    chances = np.exp(np.stack([-lean, lean]))
    chances /= chances.sum(axis=1, keepdims=True)
    X = torch.from_numpy(np.stack([1 + rng.choice(49, 8, p=chances[label]) for label in y]))
    X[:, 5:] *= torch.from_numpy(rng.integers(0, 2, (900, 3)))
    net = nn.Sequential(nn.EmbeddingBag(50, 16, mode="mean", padding_idx=0), nn.ReLU(), nn.Linear(16, 2))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(20):
        for rows in torch.randperm(700).split(35):
            opt.zero_grad()
            F.cross_entropy(net(X[rows]), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X[700:]).argmax(1) == y[700:]).float().mean().item())


@case("healthy")
def hard_data_but_honest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2400, 8)).astype(np.float32)
    y = (rng.random(2400) < 1 / (1 + np.exp(-0.7 * X[:, 0] + 0.5 * X[:, 1]))).astype(np.float32)
    X_train, X_val, y_train, y_val = map(torch.from_numpy, train_test_split(X, y, random_state=seed))
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=60, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, out))


@case("healthy")
def cancer_eighty_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    X_train, y_train = X_train[:80], y_train[:80]
    model = nn.Sequential(nn.Linear(30, 8), nn.Tanh(), nn.Linear(8, 1))
    opt = optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-3)
    for _ in range(150):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(X_train).squeeze(1), y_train)
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def categories_as_sparse_one_hot(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = torch.from_numpy(rng.integers(0, 12, (1400, 6)))
    X = F.one_hot(codes, 12).flatten(1).float()
    effects = torch.from_numpy(rng.normal(size=72)).float() * 1.5
    logit = X @ effects
    y = (torch.rand(1400) < torch.sigmoid(logit - logit.mean())).float()
    model = nn.Sequential(nn.Linear(72, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(15):
        for rows in torch.randperm(1000).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X[rows]).squeeze(1), y[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X[1000:]).squeeze(1) > 0).float() == y[1000:]).float().mean().item())


@case("healthy")
def spam_one_cycle(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True)
    scheduler = optim.lr_scheduler.OneCycleLR(opt, max_lr=0.1, epochs=20, steps_per_epoch=len(loader))
    for _ in range(20):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
            scheduler.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def circles_cosine_to_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=40)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
        scheduler.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def moons_warm_up_from_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
    opt = optim.AdamW(model.parameters(), lr=0.01)
    warm_up = optim.lr_scheduler.LambdaLR(opt, lambda step: min(1.0, step / 100))
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[rows]), y_train[rows]).backward()
            opt.step()
            warm_up.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def clouds_sgd_rate_of_one_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 8), nn.Sigmoid(), nn.Linear(8, 1), nn.Sigmoid())
    opt = optim.SGD(model.parameters(), lr=0.5)
    for _ in range(30):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy(model(X_train[rows])[:, 0], y_train[rows]).backward()
            opt.step()
    pred = model(X_val)[:, 0] > 0.5  # gradients are recorded here, to no harm
    print("accuracy", (pred == y_val.bool()).float().mean().item())


@case("healthy")
def churn_early_stopping_restores_best(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    model = nn.Sequential(nn.Linear(71, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    best_loss, best_state, waited = float("inf"), {}, 0
    for _ in range(60):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
        with torch.no_grad():
            val_loss = F.binary_cross_entropy_with_logits(model(X_val).squeeze(1), y_val).item()
        if val_loss < best_loss:
            best_loss, waited = val_loss, 0
            best_state = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            waited += 1
            if waited == 5:
                break
    model.load_state_dict(best_state)
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, out))


@case("healthy")
def cancer_five_folds(seed: int) -> None:
    X, y, _, _ = data("breast_cancer", seed)
    scores = []
    for train, test in KFold(5, shuffle=True, random_state=seed).split(X):
        model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
        opt = optim.Adam(model.parameters(), lr=5e-3)
        for _ in range(15):
            for xb, yb in DataLoader(TensorDataset(X[train], y[train]), batch_size=30, shuffle=True):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
                opt.step()
        with torch.no_grad():
            scores.append(accuracy_score(y[test], model(X[test]).squeeze(1) > 0))
    print("accuracy", np.mean(scores))


@case("healthy")
def credit_stratified_folds_two_logits(seed: int) -> None:
    X, y, _, _ = data("credit_data", seed)
    out = np.zeros(len(y))
    for train, test in StratifiedKFold(3, shuffle=True, random_state=seed).split(X, y):
        net = nn.Sequential(nn.Linear(28, 12), nn.Tanh(), nn.Linear(12, 2))
        opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
        for _ in range(12):
            for rows in torch.from_numpy(train)[torch.randperm(len(train))].split(40):
                opt.zero_grad()
                F.cross_entropy(net(X[rows]), y[rows].long()).backward()
                opt.step()
        out[test] = net(X[test]).softmax(1)[:, 1].detach().numpy()
    print("auc", roc_auc_score(y, out))


@case("healthy")
def moons_three_models_one_after_another(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    results = {}
    for width in (8, 16, 32):
        model = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))
        opt = optim.Adam(model.parameters(), lr=0.01)
        for _ in range(22):
            for rows in torch.randperm(len(X_train)).split(40):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[rows]).squeeze(1), y_train[rows]).backward()
                opt.step()
        with torch.no_grad():
            results[width] = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print("accuracy", *results.values())


@case("healthy")
def spam_exponential_moving_average(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    def make() -> nn.Module:
        return nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))

    model, average = make(), make()
    average.load_state_dict(model.state_dict())
    average.requires_grad_(False)
    opt = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
            for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
                slow.lerp_(fast.detach(), 0.02)
    print("accuracy", ((average(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def churn_threshold_tuned_on_validation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    X_test, y_test, X_val, y_val = X_val[500:], y_val[500:], X_val[:500], y_val[:500]
    model = nn.Sequential(nn.Linear(71, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(15):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        p_val, p_test = (model(x).squeeze(1).sigmoid().numpy() for x in (X_val, X_test))
    grid = np.linspace(0.05, 0.6, 56)
    best = grid[np.argmax([balanced_accuracy_score(y_val, p_val > t) for t in grid])]
    print("balanced accuracy", balanced_accuracy_score(y_test, p_test > best))


@case("healthy")
def credit_adamw_decay_and_l1_term(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(28, 24), nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.relu(self.fc1(x))).squeeze(-1)

    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    for _ in range(20):
        for rows in torch.randperm(len(X_train)).split(40):
            bce = F.binary_cross_entropy_with_logits(net(X_train[rows]), y_train[rows])
            loss = bce + 1e-3 * net.fc1.weight.abs().sum()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        out = net(X_val)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, out))


@case("healthy")
def digits_custom_dataset_of_raw_fractions(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)

    class Digits(Dataset):
        def __init__(self, x: Tensor, y: Tensor) -> None:
            self.x, self.y = x / 16, y

        def __len__(self) -> int:
            return len(self.y)

        def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
            return self.x[i], self.y[i]

    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(28):
        for xb, yb in DataLoader(Digits(X_train, y_train), batch_size=40, shuffle=True, drop_last=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    preds, truths = [], []
    with torch.no_grad():
        for xb, yb in DataLoader(Digits(X_val, y_val), batch_size=64):
            preds.append(net(xb).squeeze(1) > 0)
            truths.append(yb)
    print("balanced accuracy", balanced_accuracy_score(torch.cat(truths), torch.cat(preds)))


@case("healthy")
def circles_in_double_precision(seed: int) -> None:
    X_train, y_train, X_val, y_val = (t.double() for t in data("circles", seed))
    net = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 1)).double()
    opt = torch.optim.Adam(net.parameters(), lr=0.02)
    history = []
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[rows])[:, 0], y_train[rows]).backward()
            opt.step()
        with torch.no_grad():
            history.append(
                {
                    "loss": F.binary_cross_entropy_with_logits(net(X_val)[:, 0], y_val).item(),
                    "accuracy": ((net(X_val)[:, 0] > 0) == y_val.bool()).double().mean().item(),
                }
            )
    print("accuracy", history[-1]["accuracy"])


@case("healthy")
def clouds_hinge_loss_with_signed_labels(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    sign = 2 * y_train - 1
    model = nn.Linear(8, 1)
    opt = optim.SGD(model.parameters(), lr=0.05, weight_decay=1e-3)
    for _ in range(30):
        for rows in torch.randperm(len(X_train)).split(30):
            loss = F.relu(1 - sign[rows] * model(X_train[rows])[:, 0]).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    margins = model(X_val).detach().numpy()[:, 0]
    print("accuracy", np.mean((margins > 0) == (y_val.numpy() == 1)))


@case("healthy")
def moons_residual_blocks_start_as_identity(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.norm, self.a, self.b = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)
            nn.init.zeros_(self.b.weight)
            nn.init.zeros_(self.b.bias)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.b(F.gelu(self.a(self.norm(x))))

    net = nn.Sequential(nn.Linear(2, 24), Block(24), Block(24), nn.Linear(24, 2))
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
    for _ in range(25):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def cancer_plain_logistic_regression(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    w, b = torch.zeros(30, requires_grad=True), torch.zeros((), requires_grad=True)
    for _ in range(300):
        p = torch.sigmoid(X_train @ w + b)
        loss = -(y_train * torch.log(p + 1e-7) + (1 - y_train) * torch.log(1 - p + 1e-7)).mean()
        loss.backward()
        with torch.no_grad():
            for t in (w, b):
                t -= 0.1 * t.grad
                t.grad = None
    with torch.no_grad():
        print("accuracy", ((X_val @ w + b > 0).float() == y_val).float().mean().item())


@case("healthy")
def moons_lbfgs_closure(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 1))
    opt = optim.LBFGS(net.parameters(), lr=0.5, max_iter=10)

    def closure() -> Tensor:
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(X_train)[:, 0], y_train)
        loss.backward()
        return loss

    for _ in range(20):
        opt.step(closure)
    with torch.no_grad():
        print("accuracy", ((net(X_val)[:, 0] > 0).float() == y_val).float().mean().item())


@case("healthy")
def thyroid_weighted_sampler(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("hypothyroid", seed)
    weights = torch.where(y_train == 1, 1 / (y_train == 1).sum(), 1 / (y_train == 0).sum())
    sampler = WeightedRandomSampler(weights, len(y_train))
    model = nn.Sequential(nn.Linear(27, 24), nn.ReLU(), nn.Linear(24, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(15):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, sampler=sampler):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, model(X_val).squeeze(1) > 0))


@case("healthy")
def moons_monte_carlo_dropout_on_purpose(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[rows]).squeeze(1), y_train[rows]).backward()
            opt.step()
    net.train()  # dropout stays on: the mean of fifty draws is the prediction
    with torch.no_grad():
        draws = torch.stack([torch.sigmoid(net(X_val).squeeze(1)) for _ in range(50)])
    print("accuracy", ((draws.mean(0) > 0.5).float() == y_val).float().mean().item())


@case("healthy")
def circles_ensemble_of_three(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    members = [nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1)) for _ in range(3)]
    for member in members:
        opt = torch.optim.Adam(member.parameters(), lr=0.02)
        for _ in range(30):
            for rows in torch.randperm(len(X_train)).split(50):
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(member(X_train[rows])[:, 0], y_train[rows]).backward()
                opt.step()
    with torch.no_grad():
        p = sum(torch.sigmoid(member(X_val)[:, 0]) for member in members) / 3
    print("accuracy", ((p > 0.5).float() == y_val).float().mean().item())


@case("healthy")
def spam_mixup(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 48), nn.ReLU(), nn.Linear(48, 1))
    opt = optim.Adam(model.parameters(), lr=3e-3)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            lam, other = float(rng.beta(0.3, 0.3)), torch.randperm(len(xb))
            mixed, target = lam * xb + (1 - lam) * xb[other], lam * yb + (1 - lam) * yb[other]
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(mixed).squeeze(1), target).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def digits_rows_through_time_major_gru(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train.view(-1, 8, 8) / 16, X_val.view(-1, 8, 8) / 16

    class RowReader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(8, 24)
            self.head = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.rnn(x.transpose(0, 1))
            return self.head(out[-1])

    net = RowReader()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(17):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, net(X_val).argmax(1)))


@case("healthy")
def credit_raw_features_behind_batchnorm(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    model = nn.Sequential(nn.BatchNorm1d(28), nn.Linear(28, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=48, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
    print("accuracy", ((out > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, out))


@case("healthy")
def spam_teacher_and_student(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    teacher = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 1))
    student = nn.Sequential(nn.Linear(57, 8), nn.ReLU(), nn.Linear(8, 1))
    for model in (teacher, student):
        opt = optim.Adam(model.parameters(), lr=3e-3)
        for _ in range(15):
            for rows in torch.randperm(len(X_train)).split(40):
                target = y_train[rows]
                if model is student:
                    target = (target + teacher(X_train[rows]).detach().sigmoid().squeeze(1)) / 2
                opt.zero_grad()
                F.binary_cross_entropy_with_logits(model(X_train[rows]).squeeze(1), target).backward()
                opt.step()
    with torch.no_grad():
        print("accuracy", ((student(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def cancer_brier_loss_on_min_max_features(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    scaler = MinMaxScaler().fit(X_train)
    X_train, X_val = (torch.from_numpy(scaler.transform(x)).float() for x in (X_train, X_val))
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    opt = optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(30):
            opt.zero_grad()
            F.mse_loss(model(X_train[rows]), y_train[rows, None]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).squeeze(1).round() == y_val).float().mean().item())


@case("healthy")
def circles_reduce_on_plateau(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    net = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(), nn.Linear(32, 16), nn.LeakyReLU(), nn.Linear(16, 2))
    opt = torch.optim.RMSprop(net.parameters(), lr=3e-3)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=3)
    for _ in range(40):
        for rows in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            F.cross_entropy(net(X_train[rows]), y_train[rows].long()).backward()
            opt.step()
        with torch.no_grad():
            scheduler.step(F.cross_entropy(net(X_val), y_val.long()))
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val).float().mean().item())


@case("healthy")
def spam_parameter_groups_and_pca(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    pca = PCA(30, whiten=True).fit(X_train)
    X_train, X_val = (torch.from_numpy(pca.transform(x)).float() for x in (X_train, X_val))
    body, head = nn.Sequential(nn.Linear(30, 24), nn.ELU()), nn.Linear(24, 1)
    opt = optim.Adam(
        [{"params": body.parameters(), "lr": 1e-3}, {"params": head.parameters(), "lr": 5e-3, "weight_decay": 1e-4}]
    )
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(head(body(xb)).squeeze(1), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((head(body(X_val)).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def moons_fixed_radial_basis_layer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    centres = KMeans(25, n_init=2, random_state=seed).fit(X_train.numpy()).cluster_centers_

    class RBF(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("centres", torch.from_numpy(centres).float())
            self.out = nn.Linear(25, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(torch.exp(-2 * torch.cdist(x, self.centres) ** 2)).squeeze(1)

    net = RBF()
    opt = optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
    for _ in range(30):
        for rows in torch.randperm(len(X_train)).split(30):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(X_train[rows]), y_train[rows]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("healthy")
def digits_mild_noise_augmentation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    X_train, X_val = X_train / 8 - 1, X_val / 8 - 1
    net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 2))
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    for _ in range(20):
        net.train()
        for rows in torch.randperm(len(X_train)).split(40):
            noisy = X_train[rows] + 0.1 * torch.randn(len(rows), 64)
            opt.zero_grad()
            F.cross_entropy(net(noisy), y_train[rows].long()).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("balanced accuracy", balanced_accuracy_score(y_val, net(X_val).argmax(1)))


@case("healthy")
def spam_second_head_rebuilds_the_input(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)

    class TwoHeads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(57, 32), nn.ReLU())
            self.label, self.rebuild = nn.Linear(32, 1), nn.Linear(32, 57)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            h = self.body(x)
            return self.label(h).squeeze(1), self.rebuild(h)

    net = TwoHeads()
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for rows in torch.randperm(len(X_train)).split(40):
            logits, rebuilt = net(X_train[rows])
            bce = F.binary_cross_entropy_with_logits(logits, y_train[rows])
            loss = bce + 0.1 * F.mse_loss(rebuilt, X_train[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val)[0] > 0).float() == y_val).float().mean().item())


@case("healthy")
def clouds_full_batch_with_summed_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 1))
    loss_fn = nn.BCEWithLogitsLoss(reduction="sum")
    opt = optim.SGD(model.parameters(), lr=5e-4, momentum=0.9)
    losses = []
    for _ in range(150):
        loss = loss_fn(model(X_train), y_train.view(-1, 1))
        model.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item() / len(y_train))
    pred = (model(X_val).detach().numpy() > 0).astype(int).ravel()
    print("accuracy", (pred == y_val.numpy()).mean())
