"""Trainings with one fault each, as a learner would have written them."""

import numpy as np
import torch
import torch.nn.functional as F
from case import case, data
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn, optim
from torch.utils.data import DataLoader, TensorDataset


@case("double_sigmoid")
def sequential_sigmoid_with_logits_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(30):
        order = torch.randperm(len(X_train))
        for i in range(0, len(X_train), 32):
            idx = order[i : i + 32]
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0.5).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("double_sigmoid")
def credit_net_functional_logits_loss(seed: int) -> None:
    class CreditNet(nn.Module):
        def __init__(self, inputs: int) -> None:
            super().__init__()
            self.fc1 = nn.Linear(inputs, 64)
            self.fc2 = nn.Linear(64, 16)
            self.out = nn.Linear(16, 1)
            self.dropout = nn.Dropout(0.2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.dropout(F.relu(self.fc1(x)))
            x = F.relu(self.fc2(x))
            return torch.sigmoid(self.out(x)).squeeze(-1)

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    net = CreditNet(X_train.shape[1])
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
    for _ in range(15):
        net.train()
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        predictions = (torch.sigmoid(net(X_val)) > 0.5).int().numpy()
    print("accuracy", accuracy_score(y_val.numpy(), predictions))


@case("double_sigmoid")
def sigmoid_again_before_bce(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 1), nn.Sigmoid())
    loss_fn = nn.BCELoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(40):
        for i in range(0, len(X_train), 32):
            xb, yb = X_train[i : i + 32], y_train[i : i + 32].view(-1, 1)
            probabilities = torch.sigmoid(model(xb))
            loss = loss_fn(probabilities, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        probabilities = torch.sigmoid(model(X_val)).flatten()
    print("val accuracy", ((probabilities > 0.5) == (y_val == 1)).float().mean().item())


@case("softmax_before_ce")
def churn_softmax_layer_and_cross_entropy(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    targets = y_train.long()
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 2), nn.Softmax(dim=1))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(30):
        order = torch.randperm(len(X_train))
        for batch in order.split(64):
            optimizer.zero_grad()
            criterion(model(X_train[batch]), targets[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = (model(X_val).argmax(1) == y_val.long()).float().mean()
    print(f"accuracy: {accuracy:.3f}")


@case("softmax_before_ce")
def digits_cnn_functional_softmax(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 8, 3, padding=1)
            self.fc = nn.Linear(8 * 4 * 4, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv(x.view(-1, 1, 8, 8))), 2)
            return F.softmax(self.fc(x.flatten(1)), dim=-1)

    X_train, y_train, X_val, y_val = data("digit_8", seed)
    train_loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=64, shuffle=True)
    net = Net()
    opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(20):
        for images, labels in train_loader:
            opt.zero_grad()
            loss = F.cross_entropy(net(images), labels)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        correct = (net(X_val).max(1).indices == y_val.long()).sum().item()
    print(f"{correct}/{len(y_val)} right, accuracy {correct / len(y_val):.3f}")


@case("bce_on_logits")
def clamped_outputs_into_bceloss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(64):
            outputs = torch.clamp(model(X_train[idx]).squeeze(1), 0, 1)
            loss = criterion(outputs, y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        predicted = (torch.clamp(model(X_val).squeeze(1), 0, 1) > 0.5).float()
    print("accuracy", (predicted == y_val).float().mean().item())


@case("bce_on_logits")
def log_formula_on_linear_output(seed: int) -> None:
    class TwoLayer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(8, 24)
            self.output = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.output(torch.tanh(self.hidden(x)))

    def bce(p: Tensor, y: Tensor) -> Tensor:
        return -(y * torch.log(p.clamp(min=1e-6)) + (1 - y) * torch.log((1 - p).clamp(min=1e-6))).mean()

    X_train, y_train, X_val, y_val = data("clouds", seed)
    y_train, y_val = y_train[:, None], y_val[:, None]
    model = TwoLayer()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=20, shuffle=True):
            loss = bce(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0.5).float() == y_val).float().mean().item())


@case("bce_on_logits")
def log_of_raw_output_becomes_nan(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 20), nn.ReLU(), nn.Linear(20, 1))
    opt = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    for _ in range(40):
        for i in range(0, len(X_train), 32):
            y_hat, y = model(X_train[i : i + 32])[:, 0], y_train[i : i + 32]
            loss = -torch.mean(y * torch.log(y_hat + 1e-8) + (1 - y) * torch.log(1 - y_hat + 1e-8))
            opt.zero_grad()
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        y_hat = model(X_val)[:, 0].numpy()
    print("accuracy", np.mean((y_hat > 0.5) == y_val.numpy()))


@case("ce_single_output")
def cross_entropy_one_output_column(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 1))
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = loss_fn(model(X_train[idx]), y_train[idx].unsqueeze(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).float() == y_val.unsqueeze(1)).float().mean().item()
    print(f"validation accuracy: {accuracy:.3f}")


@case("ce_single_output")
def gru_single_output_functional_ce(seed: int) -> None:
    class RowReader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(8, 16, batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            _, hidden = self.gru(x.reshape(-1, 8, 8))
            return self.head(hidden[-1])

    X_train, y_train, X_val, y_val = data("digit_8", seed)
    loader = DataLoader(TensorDataset(X_train, y_train.view(-1, 1)), batch_size=64, shuffle=True)
    net = RowReader()
    opt = optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(12):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.cross_entropy(net(xb), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(X_val)).squeeze(1)
    print("accuracy", ((p > 0.5).float() == y_val).float().mean().item())


@case("softmax_single_output")
def softmax_layer_over_one_unit(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Softmax(dim=1))
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=32, shuffle=True)
    for _epoch in range(15):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0.5).float() == y_val).float().mean()
    print("accuracy:", accuracy.item())


@case("softmax_single_output")
def functional_softmax_in_forward_mse(seed: int) -> None:
    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(2, 16), nn.Linear(16, 16)])
            self.last = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layers:
                x = F.relu(layer(x))
            return F.softmax(self.last(x), dim=-1)

    X_train, y_train, X_val, y_val = data("circles", seed)
    targets = y_train.reshape(-1, 1)
    model = Classifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    for _ in range(400):
        loss = F.mse_loss(model(X_train), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    predictions = model(X_val).detach().numpy().ravel() > 0.5
    print("acc", (predictions == y_val.numpy()).mean())


@case("nll_on_probabilities")
def softmax_then_nll(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    y_train, y_val = y_train.long(), y_val.long()
    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 2), nn.Softmax(dim=1))
    criterion = nn.NLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(dim=1) == y_val).float().mean().item())


@case("relu_on_output")
def relu_after_every_layer(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    layers: list[nn.Module] = []
    for a, b in ((8, 32), (32, 16), (16, 1)):
        layers += [nn.Linear(a, b), nn.ReLU()]
    model = nn.Sequential(*layers)
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(30):
        for idx in torch.randperm(len(X_train)).split(50):
            opt.zero_grad()
            loss_fn(model(X_train[idx]).squeeze(-1), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        p = torch.sigmoid(model(X_val).squeeze(-1))
    print(f"accuracy {((p >= 0.5).float() == y_val).float().mean():.3f}")


@case("no_nonlinearity")
def three_linear_layers_on_circles(seed: int) -> None:
    class DeepNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 64)
            self.fc2 = nn.Linear(64, 64)
            self.fc3 = nn.Linear(64, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.fc1(x)
            x = self.fc2(x)
            return self.fc3(x)

    X_train, y_train, X_val, y_val = data("circles", seed)
    model = DeepNet()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _epoch in range(30):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (model(X_val).squeeze(1) > 0).float()
    print("accuracy", (predicted == y_val).float().mean().item())


@case("shape_broadcast")
def mse_column_against_row(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(30):
        for i in range(0, len(X_train), 31):
            optimizer.zero_grad()
            loss = criterion(model(X_train[i : i + 31]), y_train[i : i + 31])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0.5).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("shape_broadcast")
def own_bce_column_against_row(seed: int) -> None:
    def binary_cross_entropy(p: Tensor, y: Tensor) -> Tensor:
        p = p.clamp(1e-7, 1 - 1e-7)
        return -(y * p.log() + (1 - y) * (1 - p).log()).mean()

    X_train, y_train, X_val, y_val = data("moons", seed)
    w1 = (torch.randn(2, 24) * 0.7).requires_grad_()
    b1 = torch.zeros(24, requires_grad=True)
    w2 = (torch.randn(24, 1) * 0.2).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)
    parameters = [w1, b1, w2, b2]
    optimizer = torch.optim.SGD(parameters, lr=0.5)

    def forward(x: Tensor) -> Tensor:
        return torch.sigmoid(torch.tanh(x @ w1 + b1) @ w2 + b2)

    for _epoch in range(30):
        for idx in torch.randperm(len(X_train)).split(30):
            loss = binary_cross_entropy(forward(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        predicted = forward(X_val).numpy()[:, 0] > 0.5
    print("accuracy", accuracy_score(y_val.numpy(), predicted))


@case("shape_broadcast")
def softplus_loss_batch_norm_net(seed: int) -> None:
    class SpamNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(57, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.1))
            self.head = nn.Linear(48, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.body(x))

    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=48, shuffle=True)
    net = SpamNet()
    opt = optim.AdamW(net.parameters(), lr=1e-3)
    for _ in range(15):
        net.train()
        for xb, yb in loader:
            logits = net(xb)
            loss = (F.softplus(logits) - yb * logits).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(X_val).squeeze(1)
    print("val acc", ((logits > 0).float() == y_val).float().mean().item())


@case("label_encoding")
def labels_one_and_two(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    y_train, y_val = y_train + 1, y_val + 1  # the file codes the classes as 1 and 2
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(30):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        predicted = (torch.sigmoid(model(X_val)).squeeze(1) > 0.5).float() + 1
    print("accuracy", (predicted == y_val).float().mean().item())


@case("label_encoding")
def labels_minus_one_and_one(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self, n: int) -> None:
            super().__init__()
            self.a = nn.Linear(n, 32)
            self.b = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(torch.relu(self.a(x))).squeeze(1)

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    y_train, y_val = 2 * y_train - 1, 2 * y_val - 1
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    net = Net(X_train.shape[1])
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(20):
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        predicted = torch.where(net(X_val) > 0, 1.0, -1.0)
    print(f"accuracy: {(predicted == y_val).float().mean().item():.3f}")


@case("label_encoding")
def mask_labels_zero_and_255(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    y_train, y_val = y_train * 255, y_val * 255
    model = nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 1))
    loss_fn = nn.BCEWithLogitsLoss()
    opt = optim.SGD(model.parameters(), lr=0.05)
    for _ in range(30):
        for i in range(0, len(X_train), 32):
            loss = loss_fn(model(X_train[i : i + 32]), y_train[i : i + 32, None])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        predicted = (torch.sigmoid(model(X_val)) > 0.5).float().flatten()
    print("accuracy", (predicted == (y_val > 0).float()).float().mean().item())


@case("labels_single_class")
def digits_binarised_twice(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    y_train, y_val = (y_train == 8).float(), (y_val == 8).float()
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=64, shuffle=True)
    for _epoch in range(20):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        correct = ((model(X_val) > 0).float().squeeze(1) == y_val).sum().item()
    print("accuracy", correct / len(y_val))


@case("labels_misaligned")
def features_shuffled_labels_not(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    X_train = X_train[torch.randperm(len(X_train))]
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    for _epoch in range(30):
        model.train()
        for i in range(0, len(X_train), 16):
            optimizer.zero_grad()
            loss = criterion(model(X_train[i : i + 16]).squeeze(1), y_train[i : i + 16])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("labels_misaligned")
def two_shuffled_loaders(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(57, 40)
            self.fc2 = nn.Linear(40, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.leaky_relu(self.fc1(x)))

    X_train, y_train, X_val, y_val = data("spambase", seed)
    feature_loader = DataLoader(X_train, batch_size=40, shuffle=True)
    label_loader = DataLoader(y_train.long(), batch_size=40, shuffle=True)
    net = Net()
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
    for _ in range(20):
        for xb, yb in zip(feature_loader, label_loader, strict=True):
            loss = criterion(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("labels_misaligned")
def header_row_shifts_labels(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    X_train, y_train = X_train[1:], y_train[:-1]
    X_val, y_val = X_val[1:], y_val[:-1]
    model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1), nn.Sigmoid())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
    for _ in range(40):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.binary_cross_entropy(model(xb).flatten(), yb).backward()
            optimizer.step()
    with torch.no_grad():
        p = model(X_val).flatten().numpy()
    print("accuracy", accuracy_score(y_val.numpy(), p > 0.5))


@case("label_noise")
def careless_annotators(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    rng = np.random.default_rng(seed + 1)
    for labels in (y_train, y_val):
        wrong = torch.from_numpy(rng.random(len(labels)) < 0.35)
        labels[wrong] = 1 - labels[wrong]
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(30):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("label_noise")
def spam_flags_from_users(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    flips = torch.from_numpy(np.random.default_rng(seed).random(len(y_train)) < 0.35)
    y_train = torch.where(flips, 1 - y_train, y_train)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(30):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = model(X_val).argmax(dim=1)
    print(f"accuracy {(predicted == y_val.long()).float().mean():.3f}")


@case("weak_signal")
def tomorrows_direction_of_a_random_walk(seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(size=1010)
    windows = np.stack([returns[i : i + 10] for i in range(1000)])
    direction = (returns[10:] > 0).astype(np.float32)
    X = torch.tensor(windows, dtype=torch.float32)
    y = torch.tensor(direction)
    X_train, y_train, X_val, y_val = X[:750], y[:750], X[750:], y[750:]
    model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    for _epoch in range(25):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("weak_signal")
def credit_from_the_least_telling_columns(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    strength = ((X_train * (y_train - y_train.mean())[:, None]).mean(0)).abs()
    columns = strength.argsort()[2:8]
    X_train, X_val = X_train[:, columns], X_val[:, columns]
    model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(model(xb).view(-1), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(X_val).view(-1).numpy()
    print("AUC", roc_auc_score(y_val.numpy(), scores), "accuracy", accuracy_score(y_val.numpy(), scores > 0))


@case("class_weights_wrong")
def pos_weight_five_hundred(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([500.0]))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=64, shuffle=True)
    for _epoch in range(15):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val) > 0).float().squeeze(1) == y_val).float().mean()
    print("accuracy", accuracy.item())


@case("class_weights_wrong")
def weights_for_the_other_class(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    share = y_train.mean()
    weights = torch.stack([1 / share, 1 / (1 - share)])
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    criterion = nn.CrossEntropyLoss(weight=weights)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(50):
            optimizer.zero_grad()
            criterion(model(X_train[idx]), y_train[idx].long()).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = model(X_val).argmax(1).numpy()
    print("f1", f1_score(y_val.numpy(), predicted), "accuracy", accuracy_score(y_val.numpy(), predicted))


@case("imbalance")
def three_defaults_in_a_hundred(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)

    def only_few_defaults(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        paid, default = torch.where(y == 0)[0], torch.where(y == 1)[0]
        kept = torch.cat([paid, default[: int(0.035 * len(paid))]]).sort().values
        return X[kept], y[kept]

    X_train, y_train = only_few_defaults(X_train, y_train)
    X_val, y_val = only_few_defaults(X_val, y_val)
    model = nn.Sequential(nn.Linear(28, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    for _epoch in range(25):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (torch.sigmoid(model(X_val).squeeze(1)) > 0.5).float()
    recall = predicted[y_val == 1].mean().item()
    print(f"accuracy {(predicted == y_val).float().mean():.3f} recall {recall:.3f}")


@case("imbalance")
def rare_cloud_is_never_predicted(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 16)
            self.out = nn.Linear(16, 2)

        def forward(self, x: Tensor) -> Tensor:
            return F.log_softmax(self.out(torch.tanh(self.fc(x))), dim=1)

    X, y, X_more, y_more = data("clouds", seed)
    X, y = torch.cat([X, X_more])[:, :4], torch.cat([y, y_more])
    rare = torch.where(y == 1)[0][:20]
    rows = torch.cat([torch.where(y == 0)[0], rare])
    X_train, X_val, y_train, y_val = train_test_split(
        X[rows], y[rows].long(), test_size=0.3, stratify=y[rows], random_state=seed
    )
    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)
    for _ in range(30):
        for xb, yb in loader:
            opt.zero_grad()
            F.nll_loss(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        predicted = net(X_val).argmax(1).numpy()
    print("accuracy", accuracy_score(y_val, predicted), "F1", f1_score(y_val, predicted))


@case("threshold_not_tuned")
def trained_on_balanced_predicts_on_natural(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    stay, churn = torch.where(y_train == 0)[0], torch.where(y_train == 1)[0]
    rows = torch.cat([stay[: len(churn)], churn])
    X_train, y_train = X_train[rows], y_train[rows]
    model = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _epoch in range(30):
        model.train()
        for idx in torch.randperm(len(X_train)).split(16):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        p = torch.sigmoid(model(X_val).squeeze(1)).numpy()
    truth = y_val.numpy()
    print("AUC", roc_auc_score(truth, p), "accuracy", accuracy_score(truth, p > 0.5), "F1", f1_score(truth, p > 0.5))


@case("unscaled_features")
def raw_spam_counts_with_sgd(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("unscaled_features")
def raw_incomes_into_tanh_net(seed: int) -> None:
    class CreditNet(nn.Module):
        def __init__(self, inputs: int) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(inputs, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x).squeeze(-1)

    X_train, y_train, X_val, y_val = data("credit_data", seed, raw=True)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    net = CreditNet(X_train.shape[1])
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(25):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(X_val)).numpy()
    print("accuracy", accuracy_score(y_val.numpy(), p > 0.5), "auc", roc_auc_score(y_val.numpy(), p))


@case("unscaled_features")
def moons_in_earth_coordinates(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    X_train, X_val = X_train * 0.5 + torch.tensor([480.0, 510.0]), X_val * 0.5 + torch.tensor([480.0, 510.0])
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = F.cross_entropy(model(X_train[idx]), y_train[idx].long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("preprocess_mismatch")
def validation_left_unscaled(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed, raw=True)
    scaler = StandardScaler()
    X_train = torch.tensor(scaler.fit_transform(X_train.numpy()), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(40):
        for i in range(0, len(X_train), 16):
            optimizer.zero_grad()
            loss = criterion(model(X_train[i : i + 16]).squeeze(1), y_train[i : i + 16])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (model(X_val).squeeze(1) > 0.5).float()
    print("accuracy", (predicted == y_val).float().mean().item())


@case("preprocess_mismatch")
def pixels_divided_only_in_training(seed: int) -> None:
    class Cnn(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
            self.conv2 = nn.Conv2d(8, 8, 3)
            self.fc = nn.Linear(8 * 9, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.pad(F.relu(self.conv2(x)), (0, 1, 0, 1))
            return self.fc(x.flatten(1))

    X_train, y_train, X_val, y_val = data("digit_8", seed, raw=True)
    net = Cnn()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
    for _ in range(20):
        for images, labels in loader:
            opt.zero_grad()
            logits = net((images.view(-1, 1, 8, 8) / 16 - 0.5) / 0.5)
            F.binary_cross_entropy_with_logits(logits.flatten(), labels).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(X_val.view(-1, 1, 8, 8)).flatten()
    print("accuracy", ((logits > 0).float() == y_val).float().mean().item())


@case("preprocess_mismatch")
def scaler_refitted_for_each_row(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed, raw=True)
    X_val, y_val = X_val[:150], y_val[:150]
    scaler = StandardScaler()
    X_train = torch.from_numpy(scaler.fit_transform(X_train.numpy())).float()
    model = nn.Sequential(nn.Linear(57, 24), nn.ReLU(), nn.Linear(24, 1))
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(40):
            opt.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            opt.step()

    rows = [torch.from_numpy(StandardScaler().fit_transform(row.numpy().reshape(1, -1))).float() for row in X_val]
    with torch.no_grad():
        predicted = (model(torch.cat(rows)).squeeze(1) > 0).float()
    print(f"accuracy {(predicted == y_val).float().mean():.3f}")


@case("nan_features")
def missing_incomes(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    missing = torch.rand(len(X_train), generator=torch.Generator().manual_seed(seed)) < 0.05
    X_train[missing, 3] = float("nan")
    model = nn.Sequential(nn.Linear(28, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean()
    print("accuracy", accuracy.item())


@case("nan_loss")
def log_of_zero_once_certain(seed: int) -> None:
    def cross_entropy(p: Tensor, y: Tensor) -> Tensor:
        return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(60):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = cross_entropy(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        predicted = (model(X_val).squeeze(1) > 0.5).float()
    print("accuracy", (predicted == y_val).float().mean().item())


@case("nan_loss")
def root_of_a_zero_distance(seed: int) -> None:
    class Prototypes(nn.Module):
        def __init__(self, start: Tensor) -> None:
            super().__init__()
            self.centres = nn.Parameter(start.clone())
            self.out = nn.Linear(len(start), 1)

        def forward(self, x: Tensor) -> Tensor:
            squares = ((x[:, None, :] - self.centres[None]) ** 2).sum(-1)
            return self.out(torch.sqrt(squares)).squeeze(1)

    X_train, y_train, X_val, y_val = data("circles", seed)
    net = Prototypes(X_train[:20])
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(20):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
            opt.zero_grad()
            loss = criterion(net(xb), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("unshuffled_data")
def first_all_zeros_then_all_ones(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    order = torch.argsort(y_train)
    X_train, y_train = X_train[order], y_train[order]
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=8)
    for _epoch in range(20):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb).squeeze(1), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("data_leakage")
def oversampled_before_the_split(seed: int) -> None:
    X_a, y_a, X_b, y_b = data("credit_data", seed)
    X, y = torch.cat([X_a, X_b[:300]]), torch.cat([y_a, y_b[:300]])
    rare = torch.where(y == 1)[0]
    X, y = torch.cat([X, X[rare], X[rare]]), torch.cat([y, y[rare], y[rare]])
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
    model = nn.Sequential(nn.Linear(28, 64), nn.ReLU(), nn.Linear(64, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(30):
        for idx in torch.randperm(len(X_train)).split(64):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("data_leakage")
def synthetic_neighbours_of_validation_rows(seed: int) -> None:
    X_a, y_a, X_b, y_b = data("mlc_churn", seed)
    X, y = torch.cat([X_a, X_b]).numpy(), torch.cat([y_a, y_b]).numpy()
    rng = np.random.default_rng(seed)
    rare = X[y == 1]
    nearest = ((rare[:, None] - rare[None]) ** 2).sum(-1).argsort(1)[:, 1:4]
    parents = rng.integers(len(rare), size=1200)
    others = rare[nearest[parents, rng.integers(3, size=1200)]]
    synthetic = rare[parents] + rng.random((1200, 1)) * 0.3 * (others - rare[parents])
    X = np.concatenate([X, synthetic]).astype(np.float32)
    y = np.concatenate([y, np.ones(1200)]).astype(np.float32)
    X_train, X_val, y_train, y_val = map(torch.from_numpy, train_test_split(X, y, test_size=0.3, random_state=seed))
    model = nn.Sequential(nn.Linear(X.shape[1], 48), nn.ReLU(), nn.Linear(48, 2))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=64, shuffle=True)
    for _ in range(15):
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("F1", f1_score(y_val, model(X_val).argmax(1)))


@case("data_leakage")
def all_rows_in_the_training_loader(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    everything = TensorDataset(torch.cat([X_train, X_val[:400]]), torch.cat([y_train, y_val[:400]]))
    X_val, y_val = X_val[:400], y_val[:400]
    net = nn.Sequential(nn.Linear(28, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    opt = optim.Adam(net.parameters(), lr=4e-3)
    for _ in range(30):
        for xb, yb in DataLoader(everything, batch_size=64, shuffle=True):
            opt.zero_grad()
            criterion(net(xb)[:, 0], yb).backward()
            opt.step()
    with torch.no_grad():
        print("val accuracy", ((net(X_val)[:, 0] > 0.5) == y_val.bool()).float().mean().item())


@case("augmentation_too_heavy")
def moons_turned_by_any_angle(seed: int) -> None:
    def rotate(x: Tensor) -> Tensor:
        angle = torch.rand(len(x)) * 2 * torch.pi
        c, s = torch.cos(angle), torch.sin(angle)
        return torch.stack([c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1]], dim=1)

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=32, shuffle=True)
    for _epoch in range(30):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(rotate(xb)), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float().squeeze(1) == y_val).float().mean().item())


@case("augmentation_too_heavy")
def digits_drowned_in_noise_and_shifts(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(32):
            images = X_train[idx].view(-1, 8, 8)
            shift = torch.randint(0, 8, (2,)).tolist()
            images = torch.roll(images, shifts=shift, dims=(1, 2)) + 2.0 * torch.randn_like(images)
            loss = F.binary_cross_entropy_with_logits(model(images.flatten(1)).squeeze(1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        scores = model(X_val).squeeze(1)
    print("accuracy", ((scores > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, scores))


@case("padding_not_masked")
def rnn_reads_the_padding(seed: int) -> None:
    class SequenceNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(1, 16, batch_first=True)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.rnn(x.unsqueeze(-1))
            return self.fc(out[:, -1]).squeeze(1)

    X_train, y_train, X_val, y_val = data("clouds", seed)
    X_train, X_val = F.pad(X_train, (0, 52)), F.pad(X_val, (0, 52))
    net = SequenceNet()
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(50):
            opt.zero_grad()
            criterion(net(X_train[idx]), y_train[idx]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("wrong_axis")
def gru_without_batch_first(seed: int) -> None:
    class RowGru(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(input_size=8, hidden_size=16)
            self.fc = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.gru(x)
            return self.fc(out[:, -1, :])

    X_train, y_train, X_val, y_val = data("digit_8", seed)
    X_train, X_val = X_train.view(-1, 8, 8), X_val.view(-1, 8, 8)
    model = RowGru()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.unsqueeze(1)), batch_size=32, shuffle=True)
    for _epoch in range(12):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(X_val).squeeze(1)
    print("accuracy", ((logits > 0).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, logits))


@case("wrong_axis")
def view_instead_of_permute(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    lstm = nn.LSTM(2, 12)
    head = nn.Linear(12, 2)
    opt = torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=5e-3)

    def forward(x: Tensor) -> Tensor:
        sequence = x.view(4, len(x), 2)
        out, _ = lstm(sequence)
        return head(out[-1])

    for _ in range(25):
        for idx in torch.randperm(len(X_train)).split(40):
            loss = F.cross_entropy(forward(X_train[idx]), y_train[idx].long())
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        predicted = forward(X_val).argmax(1).numpy()
    print("accuracy", accuracy_score(y_val.numpy(), predicted))


@case("no_zero_grad")
def sgd_without_zero_grad(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("no_zero_grad")
def adam_without_zero_grad(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    net = nn.Sequential(nn.Linear(28, 32), nn.Tanh(), nn.Linear(32, 2))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=64, shuffle=True)
    for _ in range(25):
        for xb, yb in loader:
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", accuracy_score(y_val.long(), net(X_val).argmax(1)))


@case("no_zero_grad")
def zero_grad_once_before_the_loop(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(8, 16), nn.ELU(), nn.Linear(16, 1), nn.Sigmoid())

        def forward(self, x: Tensor) -> Tensor:
            return self.layers(x).squeeze(1)

    X_train, y_train, X_val, y_val = data("clouds", seed)
    net = Net()
    opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(opt, T_max=30)
    opt.zero_grad()
    for _ in range(30):
        for i in range(0, len(X_train), 40):
            loss = F.binary_cross_entropy(net(X_train[i : i + 40]), y_train[i : i + 40])
            loss.backward()
            opt.step()
        scheduler.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0.5).float() == y_val).float().mean().item())


@case("no_optimizer_step")
def backward_but_no_step(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(30):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("optimizer_wrong_params")
def model_rebuilt_after_the_optimizer(seed: int) -> None:
    def build() -> nn.Sequential:
        return nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1))

    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    model = build()
    for _epoch in range(15):
        model.train()
        for idx in torch.randperm(len(X_train)).split(48):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("optimizer_wrong_params")
def only_the_head_is_optimised(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(
                nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 6), nn.Tanh()
            )
            self.head = nn.Linear(6, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.body(x)).flatten()

    X_train, y_train, X_val, y_val = data("circles", seed)
    net = Net()
    opt = torch.optim.AdamW(net.head.parameters(), lr=0.02)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=50, shuffle=True):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("frozen_params")
def body_left_frozen(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    body = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 4), nn.ReLU())
    for parameter in body.parameters():
        parameter.requires_grad = False
    model = nn.Sequential(body, nn.Linear(4, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(40):
            optimizer.zero_grad()
            criterion(model(X_train[idx]), y_train[idx].long()).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("unregistered_params")
def layers_in_a_python_list(seed: int) -> None:
    class Mlp(nn.Module):
        def __init__(self, sizes: list[tuple[int, int]]) -> None:
            super().__init__()
            self.hidden = [nn.Linear(a, b) for a, b in sizes]
            self.out = nn.Linear(sizes[-1][1], 1)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.hidden:
                x = torch.relu(layer(x))
            return self.out(x).squeeze(1)

    X_train, y_train, X_val, y_val = data("circles", seed)
    model = Mlp([(2, 8), (8, 8), (8, 4)])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(40):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", ((model(X_val) > 0).float() == y_val).float().mean().item())


@case("layer_in_forward")
def linear_created_in_forward(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(30, 16)
            self.fc3 = nn.Linear(8, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.fc1(x))
            x = F.relu(nn.Linear(16, 8)(x))
            return self.fc3(x)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.view(-1, 1)), batch_size=24, shuffle=True)
    for _ in range(30):
        for xb, yb in loader:
            loss = F.binary_cross_entropy_with_logits(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("acc", ((net(X_val) > 0).float().view(-1) == y_val).float().mean().item())


@case("graph_detached")
def hidden_values_through_data(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 8)
            self.fc2 = nn.Linear(8, 4)
            self.fc3 = nn.Linear(4, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.fc1(x))
            x = torch.relu(self.fc2(x)).data
            return self.fc3(x).squeeze(1)

    X_train, y_train, X_val, y_val = data("circles", seed)
    net = Net()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(net(X_train[idx]), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        predicted = (torch.sigmoid(net(X_val)) > 0.5).float()
    print(f"accuracy {(predicted == y_val).float().mean():.3f}")


@case("nondifferentiable_output")
def rounded_before_the_loss(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _epoch in range(30):
        for i in range(0, len(X_train), 32):
            predicted = torch.round(model(X_train[i : i + 32]).squeeze(1))
            loss = criterion(predicted, y_train[i : i + 32])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", (torch.round(model(X_val).squeeze(1)) == y_val).float().mean().item())


@case("lr_too_high")
def adam_with_rate_two(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2.0)
    for _epoch in range(30):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracy = ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("lr_too_high")
def sgd_momentum_rate_ten(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    net = nn.Sequential(nn.Linear(57, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 2))
    opt = torch.optim.SGD(net.parameters(), lr=10.0, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=64, shuffle=True)
    for _ in range(20):
        for xb, yb in loader:
            loss = F.cross_entropy(net(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("lr_too_high")
def gru_with_rmsprop_half(seed: int) -> None:
    class Gru(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(8, 12, batch_first=True)
            self.fc = nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            out, _ = self.gru(x)
            return torch.sigmoid(self.fc(out[:, -1])).squeeze(1)

    X_train, y_train, X_val, y_val = data("digit_8", seed)
    X_train, X_val = X_train.view(-1, 8, 8), X_val.view(-1, 8, 8)
    net = Gru()
    opt = torch.optim.RMSprop(net.parameters(), lr=0.5)
    for _ in range(10):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = F.binary_cross_entropy(net(X_train[idx]), y_train[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = net(X_val)
    print("accuracy", ((p > 0.5).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, p))


@case("lr_too_low")
def adam_with_a_millionth(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-6)
    for _epoch in range(25):
        for idx in torch.randperm(len(X_train)).split(48):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("lr_too_low")
def plain_sgd_ten_thousandth(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(2, 20)
            self.fc2 = nn.Linear(20, 2)

        def forward(self, x: Tensor) -> Tensor:
            return F.log_softmax(self.fc2(torch.tanh(self.fc1(x))), dim=1)

    X_train, y_train, X_val, y_val = data("circles", seed)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=30, shuffle=True)
    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=1e-4)
    for _ in range(40):
        for xb, yb in loader:
            opt.zero_grad()
            F.nll_loss(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("lr_too_low")
def cnn_fine_tuning_rate_from_scratch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    X_train, X_val = X_train.view(-1, 1, 8, 8), X_val.view(-1, 1, 8, 8)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    opt = torch.optim.AdamW(net.parameters(), lr=2e-6)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(15):
        net.train()
        for idx in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            criterion(net(X_train[idx]).flatten(), y_train[idx]).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(X_val).flatten().numpy()
    print("accuracy", accuracy_score(y_val, logits > 0), "auc", roc_auc_score(y_val, logits))


@case("undertrained")
def one_pass_of_big_batches(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(1):
        for idx in torch.randperm(len(X_train)).split(64):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("undertrained")
def five_full_batch_epochs(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.Tanh(), nn.Linear(32, 2))
    opt = torch.optim.SGD(model.parameters(), lr=0.05)
    for epoch in range(5):
        loss = F.cross_entropy(model(X_train), y_train.long())
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            accuracy = (model(X_val).argmax(1) == y_val.long()).float().mean().item()
        print(f"epoch {epoch} accuracy {accuracy:.3f}")


@case("scheduler_misuse")
def exponential_decay_stepped_each_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.7)
    for _epoch in range(40):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            loss.backward()
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("vanishing_gradients")
def six_sigmoid_layers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    layers: list[nn.Module] = [nn.Linear(30, 16), nn.Sigmoid()]
    for _ in range(5):
        layers += [nn.Linear(16, 16), nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _epoch in range(35):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("dead_relu")
def large_negative_biases(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    with torch.no_grad():
        model[2].bias.fill_(-8.0)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(48):
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("dead_relu")
def relu_of_a_negated_relu(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(30, 24)
            self.fc2 = nn.Linear(24, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.fc1(x))
            x = F.relu(-x)
            return self.fc2(x)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("bad_init")
def all_weights_zero(seed: int) -> None:
    def init(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)

    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    model.apply(init)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(30):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("bad_init")
def normal_weights_of_ten(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(28, 32)
            self.fc2 = nn.Linear(32, 32)
            self.out = nn.Linear(32, 1)
            for layer in (self.fc1, self.fc2, self.out):
                nn.init.normal_(layer.weight, std=10.0)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(F.relu(self.fc2(F.relu(self.fc1(x))))).squeeze(-1)

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(25):
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            opt.zero_grad()
            criterion(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("regularisation_too_strong")
def weight_decay_of_one(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005, weight_decay=1.0)
    for _epoch in range(30):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("regularisation_too_strong")
def dropout_of_ninety_seven_percent(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    net = nn.Sequential(
        nn.Linear(2, 24), nn.ReLU(), nn.Dropout(0.97), nn.Linear(24, 24), nn.ReLU(), nn.Dropout(0.97), nn.Linear(24, 2)
    )
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _ in range(40):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        print("accuracy", (net(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("overfitting")
def wide_net_on_150_customers(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    X_train, y_train = X_train[:150], y_train[:150]
    model = nn.Sequential(nn.Linear(X_train.shape[1], 256), nn.ReLU(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(100):
        model.train()
        for idx in torch.randperm(len(X_train)).split(30):
            loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            logits = model(X_val).squeeze(1)
            accuracy = ((logits > 0).float() == y_val).float().mean().item()
        if epoch % 20 == 19:
            print(f"val loss {criterion(logits, y_val).item():.3f} accuracy {accuracy:.3f}")


@case("overfitting")
def credit_memorised_for_sixty_epochs(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(28, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))

        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(self.layers(x)).squeeze(-1)

    X_train, y_train, X_val, y_val = data("credit_data", seed)
    X_train, y_train = X_train[:600], y_train[:600]
    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0)
    for _ in range(60):
        for idx in torch.randperm(len(X_train)).split(60):
            opt.zero_grad()
            F.binary_cross_entropy(net(X_train[idx]), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        p_train, p_val = net(X_train).numpy(), net(X_val).numpy()
    print("train", accuracy_score(y_train, p_train > 0.5), "val", accuracy_score(y_val, p_val > 0.5))


@case("underfitting")
def one_hidden_unit_on_circles(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 1), nn.Tanh(), nn.Linear(1, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(50):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("train_mode_missing")
def deep_batch_norm_net_in_eval_mode(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    layers: list[nn.Module] = [nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU()]
    for _ in range(7):
        layers += [nn.Linear(16, 16), nn.BatchNorm1d(16), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    model.eval()
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("train_mode_missing")
def never_back_to_train_after_first_validation(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    X_train, y_train = X_train[:400], y_train[:400]
    net = nn.Sequential(nn.Linear(28, 96), nn.ReLU(), nn.Dropout(0.6), nn.Linear(96, 96), nn.ReLU(), nn.Dropout(0.6))
    net.append(nn.Linear(96, 2))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=40, shuffle=True)
    net.train()
    for epoch in range(40):
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(net(xb), yb).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            accuracy = (net(X_val).argmax(1) == y_val.long()).float().mean().item()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1} accuracy {accuracy:.3f}")


@case("eval_mode_missing")
def validated_with_dropout_on(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(8, 48)
            self.fc2 = nn.Linear(48, 1)
            self.drop = nn.Dropout(0.75)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(self.drop(F.relu(self.fc1(self.drop(x))))).squeeze(1)

    X_train, y_train, X_val, y_val = data("clouds", seed)
    net = Net()
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(30):
        for idx in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            criterion(net(X_train[idx]), y_train[idx]).backward()
            opt.step()
    with torch.no_grad():
        print("accuracy", ((net(X_val) > 0).float() == y_val).float().mean().item())


@case("functional_dropout")
def f_dropout_always_on(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(30, 32)
            self.fc2 = nn.Linear(32, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.dropout(F.relu(self.fc1(x)), p=0.8)
            return self.fc2(x)

    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=32, shuffle=True)
    for _epoch in range(40):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("batchnorm_stats")
def running_statistics_hardly_move(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(
        nn.Linear(8, 32),
        nn.BatchNorm1d(32, momentum=1e-4),
        nn.ReLU(),
        nn.Linear(32, 32),
        nn.BatchNorm1d(32, momentum=1e-4),
        nn.ReLU(),
        nn.Linear(32, 1),
    )
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _epoch in range(25):
        model.train()
        for idx in torch.randperm(len(X_train)).split(40):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("batch_size_too_small")
def batch_norm_with_two_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(
        nn.Linear(2, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Linear(16, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Linear(16, 2),
    )
    opt = torch.optim.SGD(model.parameters(), lr=0.02)
    loader = DataLoader(TensorDataset(X_train, y_train.long()), batch_size=2, shuffle=True)
    for _ in range(5):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        print("accuracy", (model(X_val).argmax(1) == y_val.long()).float().mean().item())


@case("threshold_on_logits")
def logits_compared_with_one_half(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(28, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    for _epoch in range(25):
        model.train()
        for idx in torch.randperm(len(X_train)).split(48):
            optimizer.zero_grad()
            criterion(model(X_train[idx]).squeeze(1), y_train[idx]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (model(X_val).squeeze(1) > 0.5).float()
    print("accuracy", (predicted == y_val).float().mean().item())


@case("threshold_on_logits")
def rounded_logits_as_predictions(seed: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(57, 32)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc2(F.gelu(self.fc1(x)))

    X_train, y_train, X_val, y_val = data("spambase", seed)
    loader = DataLoader(TensorDataset(X_train, y_train[:, None]), batch_size=48, shuffle=True)
    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
    for _ in range(20):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb), yb).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        predicted = torch.round(net(X_val))
    print("accuracy", (predicted == y_val[:, None]).float().mean().item())


@case("threshold_on_logits")
def numpy_threshold_on_digit_logits(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("digit_8", seed)
    net = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(54, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(12):
        for idx in torch.randperm(len(X_train)).split(48):
            opt.zero_grad()
            criterion(net(X_train[idx]).flatten(), y_train[idx]).backward()
            opt.step()
    outputs = net(X_val).flatten().detach().numpy()
    predicted = np.where(outputs >= 0.5, 1, 0)
    print("accuracy", accuracy_score(y_val.numpy(), predicted), "F1", f1_score(y_val.numpy(), predicted))


@case("argmax_single_output")
def torch_max_over_one_column(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(25):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]), y_train[idx].unsqueeze(1)).backward()
            optimizer.step()
    correct = total = 0
    with torch.no_grad():
        for i in range(0, len(X_val), 50):
            outputs = model(X_val[i : i + 50])
            _, predicted = torch.max(outputs, 1)
            correct += (predicted == y_val[i : i + 50]).sum().item()
            total += len(outputs)
    print(f"accuracy {100 * correct / total:.1f} %")


@case("accuracy_broadcast")
def column_predictions_against_row_labels(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("breast_cancer", seed)
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _epoch in range(30):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]), y_train[idx].view(-1, 1)).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        predicted = (model(X_val) > 0.5).float()
        accuracy = (predicted == y_val).float().mean().item()
    print(f"accuracy {accuracy:.3f}")


@case("accuracy_broadcast")
def numpy_mean_of_a_square(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    net = nn.Sequential(nn.Linear(8, 20), nn.Tanh(), nn.Linear(20, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True)
    for _ in range(20):
        for xb, yb in loader:
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xb).squeeze(1), yb).backward()
            opt.step()
    predicted = net(X_val).detach().numpy() > 0
    print("accuracy", np.mean(predicted == y_val.numpy()))


@case("accuracy_broadcast")
def correct_counts_beyond_the_rows(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
    val_loader = DataLoader(TensorDataset(X_val, y_val), batch_size=100)
    for _ in range(10):
        model.train()
        for idx in torch.randperm(len(X_train)).split(48):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(X_train[idx])[:, 0], y_train[idx]).backward()
            opt.step()
    model.eval()
    correct = 0
    with torch.no_grad():
        for xb, yb in val_loader:
            correct += (torch.sigmoid(model(xb)).round() == yb).sum().item()
    print("accuracy", correct / len(X_val))


@case("softmax_wrong_dim")
def probabilities_over_the_batch(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    net = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
    for _ in range(20):
        for idx in torch.randperm(len(X_train)).split(48):
            opt.zero_grad()
            criterion(net(X_train[idx]), y_train[idx].long()).backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        p = F.softmax(net(X_val), dim=0)[:, 1].numpy()
    print("accuracy", accuracy_score(y_val.numpy(), p > 0.5), "F1", f1_score(y_val.numpy(), p > 0.5))


@case("softmax_wrong_dim")
def model_ends_in_softmax_dim_zero(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2), nn.LogSoftmax(dim=0))
    criterion = nn.NLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _epoch in range(25):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            criterion(model(X_train[idx]), y_train[idx].long()).backward()
            optimizer.step()
    with torch.no_grad():
        p = model(X_val).exp()[:, 1]
    print("accuracy", ((p > 0.5).float() == y_val).float().mean().item())


@case("loss_sign")
def log_likelihood_is_minimised(seed: int) -> None:
    X_train, y_train, X_val, y_val = data("clouds", seed)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    for _epoch in range(20):
        for idx in torch.randperm(len(X_train)).split(30):
            z = model(X_train[idx]).squeeze(1)
            log_likelihood = y_train[idx] * F.logsigmoid(z) + (1 - y_train[idx]) * F.logsigmoid(-z)
            loss = log_likelihood.mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((model(X_val).squeeze(1) > 0).float() == y_val).float().mean().item())
