"""Broken trainings rebuilt from questions that people asked in forums and issue trackers."""

import copy
import itertools
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from case import case, data
from imblearn.over_sampling import RandomOverSampler
from sklearn.datasets import load_breast_cancer, load_digits, make_circles, make_classification
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score, log_loss, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers import load

FOLDER = __file__.rsplit("/", 1)[0] + "/data"


def pet_photos(count, seed, size=24):
    """Colour images of 0..255, [count, size, size, 3], of two kinds of fur, and their labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    grid = np.arange(size)
    images = np.zeros((count, size, size, 3))
    for i, label in enumerate(labels):
        angle = rng.normal(0.35 if label else 1.2, 0.25)
        wave = np.cos(angle) * grid[:, None] + np.sin(angle) * grid[None, :]
        fur = np.sin(wave * rng.uniform(0.9, 1.3) + rng.uniform(0, 6.3))
        shade = rng.uniform(60, 190, 3)
        images[i] = shade + 35 * fur[..., None] + rng.normal(0, 25, (size, size, 3))
    return images.clip(0, 255).astype(np.uint8), labels


def review_tokens(count, seed, longest=40):
    """Reviews as lists of word numbers (1..200) of very different lengths, and whether they are positive."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    reviews = []
    for label in labels:
        length = int(rng.integers(5, 13)) if rng.random() < 0.85 else int(rng.integers(longest - 5, longest + 1))
        words = rng.integers(41, 201, length)
        told = rng.random(length) < 0.3
        told[rng.integers(0, length)] = True
        good = rng.random(length) < (0.85 if label else 0.15)
        words = np.where(told, np.where(good, rng.integers(1, 21, length), rng.integers(21, 41, length)), words)
        reviews.append(words.tolist())
    return reviews, labels


def sensor_windows(count, seed, steps=30, channels=4):
    """Windows of a machine's sensors, [count, steps, channels]: a bump in channel 1 is a failure coming."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    drift = rng.normal(0, 0.15, (count, steps, channels)).cumsum(axis=1)
    windows = drift + rng.normal(0, 0.6, (count, steps, channels))
    bump = np.exp(-np.square((np.arange(steps) - 0.4 * steps) / (0.13 * steps)))
    windows[:, :, 1] += labels[:, None] * bump * rng.uniform(1.2, 2.6, (count, 1))
    return windows.astype(np.float32), labels


@case("softmax_single_output")
def conv1d_indicator_windows_softmax(seed: int) -> None:
    torch.manual_seed(seed)
    windows, labels = sensor_windows(1600, seed, steps=10)
    X = torch.tensor(windows).permute(0, 2, 1)
    y = torch.tensor(labels, dtype=torch.float32).reshape(-1, 1)
    X_train, y_train, X_test, y_test = X[:1200], y[:1200], X[1200:], y[1200:]
    model = nn.Sequential(
        nn.Conv1d(4, 16, 4, padding="same"),
        nn.BatchNorm1d(16),
        nn.LeakyReLU(),
        nn.Dropout(0.2),
        nn.Conv1d(16, 8, 4, padding="same"),
        nn.BatchNorm1d(8),
        nn.LeakyReLU(),
        nn.Dropout(0.2),
        nn.Flatten(),
        nn.Linear(80, 64),
        nn.BatchNorm1d(64),
        nn.LeakyReLU(),
        nn.Linear(64, 1),
        nn.Softmax(dim=1),
    )
    loss_fn = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters())
    reduce_lr = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", factor=0.9, patience=30, min_lr=1e-6)
    loader = DataLoader(TensorDataset(X_train, y_train), batch_size=128, shuffle=True)
    for epoch in range(15):
        model.train()
        total = 0.0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        model.eval()
        with torch.no_grad():
            y_pred = (model(X_test) > 0.5).float()
        val_acc = (y_pred == y_test).float().mean().item()
        reduce_lr.step(val_acc)
        print(f"Epoch {epoch + 1}: loss {total / 1200:.4f} val_acc {val_acc:.4f}")
    print(confusion_matrix(y_test.numpy(), y_pred.numpy()))


@case("relu_on_output")
def xception_like_three_crops(seed: int) -> None:
    torch.manual_seed(seed)
    photos, labels = pet_photos(900, seed)
    images = torch.tensor(photos / 255.0 - 0.5, dtype=torch.float32).permute(0, 3, 1, 2)
    labels = torch.tensor(labels, dtype=torch.float32).unsqueeze(1)

    class XceptionLike(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv_8 = nn.Conv2d(3, 12, 5)
            self.conv_16 = nn.Conv2d(3, 12, 5)
            self.conv_24 = nn.Conv2d(3, 12, 5)
            self.fc_last_1 = nn.Linear(36, 32)
            self.fc_last_2 = nn.Linear(32, 1)

        def forward(self, input_8, input_16, input_24):
            out_8 = F.relu(self.conv_8(input_8)).mean(dim=(2, 3))
            out_16 = F.relu(self.conv_16(input_16)).mean(dim=(2, 3))
            out_24 = F.relu(self.conv_24(input_24)).mean(dim=(2, 3))
            out = torch.cat([out_8, out_16, out_24], dim=1)
            out = F.relu(self.fc_last_1(out))
            out = F.relu(self.fc_last_2(out))
            return out

    def crops(batch):
        return batch[:, :, 8:16, 8:16], batch[:, :, 4:20, 4:20], batch

    model = XceptionLike()
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.004)
    for epoch in range(10):
        order = torch.randperm(700)
        for start in range(0, 700, 35):
            rows = order[start : start + 35]
            output = torch.sigmoid(model(*crops(images[rows])))
            loss = criterion(output, labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            prob = torch.sigmoid(model(*crops(images[700:])))
            hits = ((prob >= 0.5).float() == labels[700:]).float().mean()
            print(epoch, "loss", round(loss.item(), 4), "val loss", round(criterion(prob, labels[700:]).item(), 4),
                  "val acc", round(hits.item(), 4), "lowest", round(prob.min().item(), 3))  # fmt: skip


@case("softmax_before_ce")
def two_node_texture_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    photos, labels = pet_photos(2400, seed)
    rare = np.flatnonzero(labels)[:250]
    rows = np.random.default_rng(seed).permutation(np.concatenate([np.flatnonzero(labels == 0)[:1000], rare]))
    grey = torch.tensor(photos[rows].mean(axis=3) / 127.5 - 1, dtype=torch.float32).unsqueeze(1)
    target = torch.tensor(labels[rows])

    class TwoNodes(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv_1 = nn.Conv2d(1, 8, 5)
            self.conv_2 = nn.Conv2d(8, 16, 3)
            self.conv_3 = nn.Conv2d(16, 32, 3)
            self.conv_4 = nn.Conv2d(32, 2, 2)

        def forward(self, input_image):
            out = F.relu(F.max_pool2d(self.conv_1(input_image), 2))
            out = F.relu(F.max_pool2d(self.conv_2(out), 2))
            out = F.relu(self.conv_3(out))
            out = self.conv_4(out).flatten(1)
            return F.softmax(out, dim=1)

    net = TwoNodes()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.5)
    train = DataLoader(TensorDataset(grey[:1000], target[:1000]), batch_size=32, shuffle=True)
    for epoch in range(6):
        running = 0.0
        for image, label in train:
            optimizer.zero_grad()
            loss = criterion(net(image), label)
            loss.backward()
            optimizer.step()
            running += loss.item()
        with torch.no_grad():
            predicted = net(grey[1000:]).argmax(1)
        print(f"[{epoch}] loss {running / len(train):.4f} test acc {(predicted == target[1000:]).float().mean():.4f} "
              f"balanced {balanced_accuracy_score(target[1000:], predicted):.4f}")  # fmt: skip


@case("no_nonlinearity")
def noisy_xor_two_layer_perceptron(seed: int) -> None:
    torch.manual_seed(seed)
    corner = torch.randint(0, 2, (800, 2)).float()
    x = corner + 0.15 * torch.randn(800, 2)
    y = (corner[:, 0] != corner[:, 1]).float().unsqueeze(1)
    input_dim, hidden_dim, output_dim = 2, 16, 1
    model = nn.Sequential(nn.Linear(input_dim, hidden_dim), nn.Linear(hidden_dim, output_dim), nn.Sigmoid())
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for it in range(400):
        pred = model(x[:600])
        loss = criterion(pred, y[:600])
        model.zero_grad()
        loss.backward()
        optimizer.step()
        if it % 80 == 79:
            print(f"Epoch {it + 1}, loss {loss.item():.4f}")
    with torch.no_grad():
        test = model(x[600:])
    print(f"accuracy on unseen points: {((test > 0.5).float() == y[600:]).float().mean().item():.3f}")


@case("lr_too_low")
def seven_data_types_perceptron(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_classification(1200, 7, n_informative=5, n_redundant=1, class_sep=1.0, random_state=seed)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    scaler = MinMaxScaler().fit(X_train)
    train_set = TensorDataset(torch.tensor(scaler.transform(X_train)), torch.tensor(y_train))
    train_loader = DataLoader(train_set, batch_size=16, shuffle=True)

    class CustomModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(7, 60)
            self.fc2 = nn.Linear(60, 100)
            self.fc3 = nn.Linear(100, 30)
            self.fc4 = nn.Linear(30, 2)
            self.apply(self._init_weights)

        def _init_weights(self, module):
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.constant_(module.bias, 0)

        def forward(self, x):
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            x = F.relu(self.fc3(x))
            return self.fc4(x)

    model = CustomModel()
    device = torch.device("cpu")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0001)
    criterion = nn.CrossEntropyLoss()
    model.train(True)
    for i in range(40):
        losses = []
        for sample, ground in train_loader:
            sample = sample.to(device=device, dtype=torch.float32)
            ground = ground.to(device=device, dtype=torch.long)
            optimizer.zero_grad()
            loss = criterion(model(sample), ground)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        if i % 8 == 7:
            print("epoch", i + 1, "loss", round(float(np.mean(losses)), 4))
    model.eval()
    with torch.no_grad():
        logits = model(torch.tensor(scaler.transform(X_test), dtype=torch.float32))
    print(f"test accuracy {(logits.argmax(1).numpy() == y_test).mean():.4f}",
          f"auc {roc_auc_score(y_test, logits.softmax(1)[:, 1]):.4f}")  # fmt: skip


@case("lr_too_high")
def collapsing_photo_cnn(seed: int) -> None:
    torch.manual_seed(seed)
    photos, labels = pet_photos(1200, seed)
    x = torch.from_numpy(photos).permute(0, 3, 1, 2).float().div(255).sub(0.5)
    y = torch.from_numpy(labels).float()
    cnn = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * 36, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid(),
    )  # fmt: skip
    optimizer = torch.optim.Adam(cnn.parameters(), lr=0.1)
    bce = nn.BCELoss()
    for epoch in range(6):
        hits = 0
        for batch in torch.randperm(1000).split(128):
            p = cnn(x[batch]).squeeze(1)
            loss = bce(p, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            hits += ((p > 0.5) == (y[batch] > 0.5)).sum().item()
        with torch.no_grad():
            q = cnn(x[1000:]).squeeze(1)
        print(f"epoch {epoch}: loss {loss.item():.3f} acc {hits / 1000:.3f} "
              f"val_acc {((q > 0.5) == (y[1000:] > 0.5)).float().mean():.3f}")  # fmt: skip


@case("imbalance")
def three_eights_on_customers(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_classification(6000, 30, n_informative=6, n_redundant=4, weights=[0.92], class_sep=0.35, flip_y=0.03,
                               n_clusters_per_class=2, random_state=seed)  # fmt: skip
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    sc = StandardScaler()
    X_train, X_val = sc.fit_transform(X_train), sc.transform(X_val)
    print("Data distribution:", Counter(y_train.tolist()), Counter(y_val.tolist()))
    xt, yt = torch.tensor(X_train, dtype=torch.float32), torch.tensor(y_train, dtype=torch.float32)
    mlp = nn.Sequential(
        nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)
    )
    criterion = nn.BCEWithLogitsLoss()
    adam = torch.optim.Adam(mlp.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(xt, yt), batch_size=64, shuffle=True)
    for _epoch in range(14):
        for xb, yb in loader:
            adam.zero_grad()
            loss = criterion(mlp(xb).squeeze(-1), yb)
            loss.backward()
            adam.step()
    with torch.no_grad():
        prob = torch.sigmoid(mlp(torch.tensor(X_val, dtype=torch.float32)).squeeze(-1)).numpy()
    guess = (prob > 0.5).astype(int)
    print("Validation confusion matrix:\n", confusion_matrix(y_val, guess, normalize="all").round(3))
    print(f"accuracy {(guess == y_val).mean():.3f} recall {recall_score(y_val, guess):.3f} "
          f"balanced {balanced_accuracy_score(y_val, guess):.3f} auc {roc_auc_score(y_val, prob):.3f}")  # fmt: skip


@case("vanishing_gradients")
def four_wide_logistic_layers(seed: int) -> None:
    torch.manual_seed(seed)
    codes = torch.randint(0, 2, (3000, 20)).float()
    weight = torch.randn(20)
    target = ((codes - 0.5) @ weight + 2.0 * (codes[:, 0] * codes[:, 1] - 0.25) > 0).float().unsqueeze(1)
    sizes = [20, 100, 100, 100, 100, 1]
    layers = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), nn.Sigmoid()]
    network = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for epoch in range(30):
        for batch in torch.randperm(2400).split(50):
            optimizer.zero_grad()
            cost = F.binary_cross_entropy(network(codes[batch]), target[batch])
            cost.backward()
            optimizer.step()
        if epoch % 6 == 5:
            with torch.no_grad():
                out = network(codes[2400:])
            print("epoch", epoch + 1, f"cost {cost.item():.4f}")
            print(f"test cost {F.binary_cross_entropy(out, target[2400:]).item():.4f}")
            print(f"test acc {((out > 0.5).float() == target[2400:]).float().mean().item():.3f}")


@case("batchnorm_stats")
def slow_running_averages(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    X_tr, X_te = torch.tensor(X_tr).float(), torch.tensor(X_te).float()
    y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.bn0 = nn.BatchNorm1d(30, momentum=0.002)
            self.fc1 = nn.Linear(30, 24)
            self.bn1 = nn.BatchNorm1d(24, momentum=0.002)
            self.fc2 = nn.Linear(24, 2)

        def forward(self, x):
            return self.fc2(F.relu(self.bn1(self.fc1(self.bn0(x)))))

    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=0.005)
    for epoch in range(12):
        net.train()
        correct = 0
        for idx in torch.randperm(len(X_tr)).split(40):
            out = net(X_tr[idx])
            loss = F.cross_entropy(out, y_tr[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            correct += (out.argmax(1) == y_tr[idx]).sum().item()
        net.eval()
        with torch.no_grad():
            test = (net(X_te).argmax(1) == y_te).float().mean().item()
        print(f"epoch {epoch}: train acc {correct / len(X_tr):.3f}, test acc {test:.3f}")


@case("batch_size_too_small")
def one_sequence_at_a_time_norm(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 700)
    time = np.arange(64)
    beats = np.sin(time * np.where(labels, 0.5, 0.32)[:, None] + rng.uniform(0, 6.3, (700, 1)))
    records = beats * rng.uniform(0.1, 6, (700, 1)) + rng.normal(0, 6, (700, 1)) + 0.1 * rng.normal(size=(700, 64))
    x = torch.tensor(records, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(labels, dtype=torch.float32)
    net = nn.Sequential(
        nn.Conv1d(1, 8, 7), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(8, 16, 7), nn.BatchNorm1d(16), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 1),
    )  # fmt: skip
    loader = DataLoader(TensorDataset(x[:500], y[:500]), batch_size=1, shuffle=True)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.002)
    for epoch in range(4):
        net.train()
        seen = 0.0
        for sequence, label in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(net(sequence)[:, 0], label)
            loss.backward()
            optimizer.step()
            seen += loss.item() * len(label)
        net.eval()
        with torch.no_grad():
            logit = net(x[500:])[:, 0]
        print(f"{epoch}: train loss {seen / 500:.3f} test loss "
              f"{F.binary_cross_entropy_with_logits(logit, y[500:]).item():.3f} "
              f"test acc {((logit > 0) == (y[500:] > 0)).float().mean():.3f}")  # fmt: skip


@case("eval_mode_missing")
def point_cloud_test_script(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def clouds(count):
        kind = rng.integers(0, 2, count)
        points = rng.normal(size=(count, 48, 3))
        points /= np.linalg.norm(points, axis=2, keepdims=True)
        cubes = rng.uniform(-1, 1, (count, 48, 3))
        face = rng.integers(0, 3, (count, 48, 1))
        np.put_along_axis(cubes, face, rng.choice([-1.0, 1.0], (count, 48, 1)), axis=2)
        shape = np.where(kind[:, None, None], cubes * 0.8, points)
        return torch.tensor(shape + rng.normal(0, 0.12, shape.shape)).float(), torch.tensor(kind)

    class SmallPointNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.mlp = nn.Sequential(nn.Conv1d(3, 32, 1), nn.BatchNorm1d(32), nn.ReLU(), nn.Conv1d(32, 64, 1))
            self.bn = nn.BatchNorm1d(64)
            self.fc1 = nn.Linear(64, 24)
            self.drop = nn.Dropout(0.6)
            self.fc2 = nn.Linear(24, 2)

        def forward(self, cloud):
            h = self.bn(self.mlp(cloud.transpose(1, 2))).amax(dim=2)
            return F.log_softmax(self.fc2(self.drop(F.relu(self.fc1(h)))), dim=1)

    train_x, train_y = clouds(800)
    test_x, test_y = clouds(300)
    model = SmallPointNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _epoch in range(12):
        model = model.train()
        for idx in torch.randperm(800).split(32):
            optimizer.zero_grad()
            loss = F.nll_loss(model(train_x[idx]), train_y[idx])
            loss.backward()
            optimizer.step()
    correct = 0
    with torch.no_grad():
        for start in range(0, 300, 6):
            choice = model(test_x[start : start + 6]).max(1)[1]
            correct += choice.eq(test_y[start : start + 6]).sum().item()
    print(f"last loss {loss.item():.4f}", "Test Accuracy: %.4f" % (correct / 300))


@case("functional_dropout")
def homework_graph_network(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    n = 500
    group = rng.integers(0, 2, n)
    chance = np.where(group[:, None] == group[None, :], 0.03, 0.009)
    upper = np.triu(rng.random((n, n)) < chance, 1)
    adj = (upper | upper.T).astype(float) + np.eye(n)
    scale = 1 / np.sqrt(adj.sum(1))
    adj = torch.tensor(adj * scale[:, None] * scale[None, :]).float()
    feats = torch.tensor(rng.normal(0, 1, (n, 12)) + 0.25 * (group[:, None] * 2 - 1)).float()
    labels = torch.tensor(group)
    split = rng.permutation(n)
    idx_train, idx_val = torch.tensor(split[:250]), torch.tensor(split[250:])

    class GCN(nn.Module):
        def __init__(self, input_dim, hidden_dim, output_dim, dropout):
            super().__init__()
            self.lin1 = nn.Linear(input_dim, hidden_dim)
            self.lin2 = nn.Linear(hidden_dim, output_dim)
            self.dropout = dropout

        def forward(self, x, adj_t):
            x = F.relu(adj_t @ self.lin1(x))
            x = F.dropout(x, p=self.dropout)
            return F.log_softmax(adj_t @ self.lin2(x), dim=-1)

    model = GCN(12, 5, 2, 0.8)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
    for epoch in range(1, 101):
        model.train()
        optimizer.zero_grad()
        out = model(feats, adj)
        loss = F.nll_loss(out[idx_train], labels[idx_train])
        loss.backward()
        optimizer.step()
        if epoch % 10 == 0:
            model.eval()
            with torch.no_grad():
                out = model(feats, adj)
            acc = [(out[i].argmax(-1) == labels[i]).float().mean().item() for i in (idx_train, idx_val)]
            auc = roc_auc_score(labels[idx_val], out[idx_val, 1])
            print(f"Epoch: {epoch:02d}, Loss: {loss:.4f}, Train: {acc[0]:.4f}, Valid: {acc[1]:.4f}, AUC: {auc:.4f}")


@case("train_mode_missing")
def loans_through_a_norm_layer(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("credit_data", seed, raw=True)

    class Net(nn.Module):
        def __init__(self, inputs):
            super().__init__()
            self.norm_in = nn.BatchNorm1d(inputs)
            self.hidden = nn.Linear(inputs, 32)
            self.norm_hidden = nn.BatchNorm1d(32)
            self.drop = nn.Dropout(0.3)
            self.out = nn.Linear(32, 1)

        def forward(self, inputs):
            h = F.relu(self.norm_hidden(self.hidden(self.norm_in(inputs))))
            return self.out(self.drop(h)).squeeze(1)

    net = Net(x_train.shape[1])
    net.eval()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    loss_function = nn.BCEWithLogitsLoss()
    for epoch in range(12):
        for idx in torch.randperm(len(x_train)).split(64):
            optimizer.zero_grad()
            loss = loss_function(net(x_train[idx]), y_train[idx])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            val = net(x_val)
        print("epoch", epoch, f"val loss {loss_function(val, y_val).item():.4f}",
              f"bal {balanced_accuracy_score(y_val, val > 0):.4f}", f"auc {roc_auc_score(y_val, val):.4f}")  # fmt: skip


@case("label_encoding")
def mammogram_severity_one_two(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/mammographic/mammographic.csv").dropna()
    df["severity"] = df.pop("malignant").map({0: 1, 1: 2})
    x = StandardScaler().fit_transform(df.drop(columns=["severity"]))
    y = df["severity"].to_numpy()
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    net = nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    inputs = torch.tensor(x_train, dtype=torch.float32)
    targets = torch.tensor(y_train, dtype=torch.float32).view(-1, 1)
    for epoch in range(200):
        optimizer.zero_grad()
        loss = criterion(net(inputs), targets)
        loss.backward()
        optimizer.step()
        if epoch % 40 == 39:
            print("epoch", epoch + 1, "loss", round(loss.item(), 4))
    with torch.no_grad():
        prob = torch.sigmoid(net(torch.tensor(x_test, dtype=torch.float32))).numpy().ravel()
    severe = prob > 0.5
    truth = y_test == y_test.max()
    print(confusion_matrix(truth, severe).tolist(), "balanced", balanced_accuracy_score(truth, severe))


@case("nan_features")
def scans_with_broken_voxels(seed: int) -> None:
    torch.manual_seed(seed)
    photos, labels = pet_photos(700, seed)
    scans = photos.mean(axis=3).astype(np.float32)
    scans[np.random.default_rng(seed).choice(500, 2, replace=False)] = 0.0
    volume = torch.tensor(scans)
    normed = (volume - volume.mean(dim=(1, 2), keepdim=True)) / volume.std(dim=(1, 2), keepdim=True)
    x, y = normed.unsqueeze(1), torch.tensor(labels)
    cnn = nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(),
        nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(64, 2),
    )  # fmt: skip
    optimizer = torch.optim.RMSprop(cnn.parameters(), lr=1e-3)
    for epoch in range(5):
        costs = []
        for rows in torch.randperm(500).split(50):
            cost = F.cross_entropy(cnn(x[rows]), y[rows])
            optimizer.zero_grad()
            cost.backward()
            optimizer.step()
            costs.append(cost.item())
        with torch.no_grad():
            guess = cnn(x[500:]).argmax(1)
        for label in (0, 1):
            share = (guess[y[500:] == label] == label).float().mean().item()
            print(f"epoch {epoch} mean accuracy of Class-{label}: {share:.4f}")
        print("  cost:", np.mean(costs))


@case("unshuffled_data")
def folder_after_folder(seed: int) -> None:
    torch.manual_seed(seed)
    photos, labels = pet_photos(1000, seed)

    class PetFolder(Dataset):
        def __init__(self, rows):
            self.items = [(int(i), 0) for i in rows if labels[i] == 0]
            self.items += [(int(i), 1) for i in rows if labels[i] == 1]

        def __len__(self):
            return len(self.items)

        def __getitem__(self, index):
            i, label = self.items[index]
            image = torch.from_numpy(photos[i]).permute(2, 0, 1).float() / 127.5 - 1
            return image, torch.tensor(float(label))

    trainloader = DataLoader(PetFolder(range(800)), batch_size=16)
    testloader = DataLoader(PetFolder(range(800, 1000)), batch_size=50)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 8, 5)
            self.pool = nn.MaxPool2d(2, 2)
            self.conv2 = nn.Conv2d(8, 16, 3)
            self.fc1 = nn.Linear(16 * 4 * 4, 32)
            self.fc2 = nn.Linear(32, 1)

        def forward(self, x):
            x = self.pool(F.relu(self.conv1(x)))
            x = self.pool(F.relu(self.conv2(x)))
            x = torch.flatten(x, 1)
            return self.fc2(F.relu(self.fc1(x)))

    net = Net()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(5):
        running_loss = 0.0
        for inputs, targets in trainloader:
            optimizer.zero_grad()
            loss = criterion(net(inputs).squeeze(1), targets)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        correct = 0
        with torch.no_grad():
            for inputs, targets in testloader:
                correct += ((torch.sigmoid(net(inputs).squeeze(1)) > 0.5) == (targets == 1)).sum().item()
        print(f"[{epoch + 1}] loss: {running_loss / len(trainloader):.3f} test accuracy: {correct / 2:.1f} %")


@case("unscaled_features")
def rings_around_ninety(seed: int) -> None:
    torch.manual_seed(seed)
    points, ring = make_circles(800, noise=0.08, factor=0.45, random_state=seed)
    x_data = torch.tensor(points * [6.0, 4.0] + [92.0, 95.0], dtype=torch.float32)
    y_data = torch.tensor(ring, dtype=torch.float32).view(-1, 1)

    class Model(nn.Module):
        def __init__(self, input_size, H1, output_size):
            super().__init__()
            self.linear = nn.Linear(input_size, H1)
            self.linear2 = nn.Linear(H1, output_size)

        def forward(self, x):
            x = torch.sigmoid(self.linear(x))
            return torch.sigmoid(self.linear2(x))

        def predict(self, x):
            return (self.forward(x) >= 0.5).float()

    model = Model(2, 16, 1)
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(600):
        loss = criterion(model(x_data[:600]), y_data[:600])
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("losses", [round(value, 4) for value in losses[::100]])
    with torch.no_grad():
        print("accuracy on the rest", (model.predict(x_data[600:]) == y_data[600:]).float().mean().item())


@case("data_leakage")
def churn_balanced_first(seed: int) -> None:
    torch.manual_seed(seed)
    table = load("mlc_churn").features.select_dtypes("number").copy()
    X, y = table.to_numpy(float), load("mlc_churn").labels
    keep = np.random.default_rng(seed).permutation(len(y))[:2000]
    X, y = X[keep], y[keep]
    X_res, y_res = RandomOverSampler(random_state=seed).fit_resample(X, y)
    X_train, X_val, y_train, y_val = train_test_split(X_res, y_res, test_size=0.25, random_state=seed, stratify=y_res)
    scaler = StandardScaler().fit(X_train)
    xt = torch.tensor(scaler.transform(X_train), dtype=torch.float32)
    xv = torch.tensor(scaler.transform(X_val), dtype=torch.float32)
    yt = torch.tensor(y_train, dtype=torch.float32)
    net = nn.Sequential(nn.Linear(xt.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-3)
    for _epoch in range(12):
        for idx in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(net(xt[idx]).squeeze(1), yt[idx]).backward()
            opt.step()
    with torch.no_grad():
        logits = net(xv).squeeze(1).numpy()
    print(f"Accuracy {((logits > 0) == y_val).mean():.3f}", f"F1 {f1_score(y_val, logits > 0):.3f}",
          f"balanced {balanced_accuracy_score(y_val, logits > 0):.3f}",
          f"AUC {roc_auc_score(y_val, logits):.3f}")  # fmt: skip


@case("unregistered_params")
def hidden_layers_kept_in_a_list(seed: int) -> None:
    torch.manual_seed(seed)
    X_train, y_train, X_val, y_val = data("moons", seed)

    class MyModel(nn.Module):
        def __init__(self, input_size, hidden_size, num_layers):
            super().__init__()
            self.layers = [nn.Linear(input_size, hidden_size)]
            for _ in range(num_layers - 1):
                self.layers.append(nn.Linear(hidden_size, hidden_size))
            self.head = nn.Linear(hidden_size, 1)

        def forward(self, x):
            for layer in self.layers:
                x = torch.tanh(layer(x))
            return self.head(x).squeeze(-1)

    model = MyModel(2, 8, 3)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(60):
        for rows in torch.randperm(len(X_train)).split(50):
            loss = criterion(model(X_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 15 == 14:
            with torch.no_grad():
                out = model(X_val)
            print(epoch + 1, "loss", round(loss.item(), 4), "val loss", round(criterion(out, y_val).item(), 4),
                  "val acc", round(((out > 0).float() == y_val).float().mean().item(), 4))  # fmt: skip


@case("layer_in_forward")
def later_convolutions_built_on_call(seed: int) -> None:
    torch.manual_seed(seed)
    photos, labels = pet_photos(700, seed)
    x = torch.tensor(photos / 127.5 - 1).permute(0, 3, 1, 2).float()
    y = torch.tensor(labels)

    class MyNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer1 = nn.Conv2d(3, 16, 3)

        def forward(self, x):
            out = F.max_pool2d(F.relu(self.layer1(x)), 2)
            self.layer2 = nn.Conv2d(16, 16, 3)
            self.layer3 = nn.Conv2d(16, 2, 3)
            out = F.relu(self.layer2(out))
            out = self.layer3(out)
            return out.mean(dim=(2, 3))

    net = MyNet()
    net(x[:2])
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    for epoch in range(10):
        for idx in torch.randperm(500).split(50):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            acc = (net(x[500:]).argmax(1) == y[500:]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} accuracy {acc:.4f}")


@case("nondifferentiable_output")
def rounded_answers_into_mse(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed, stratify=y)
    scaler = StandardScaler().fit(X_train)
    train_x, test_x = (torch.tensor(scaler.transform(part), dtype=torch.float32) for part in (X_train, X_test))
    train_y = torch.tensor(y_train, dtype=torch.float32)

    class BinaryNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.l1 = nn.Linear(30, 16)
            self.l2 = nn.Linear(16, 1)

        def forward(self, x):
            y_prob = torch.sigmoid(self.l2(torch.relu(self.l1(x))))
            return torch.round(y_prob).flatten()

    net = BinaryNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(1, 101):
        y_pred = net(train_x)
        loss = F.mse_loss(y_pred, train_y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch % 25 == 0:
            print(epoch, loss.item())
    with torch.no_grad():
        answer = (net(test_x) > 0.5).numpy()
    print("balanced accuracy", balanced_accuracy_score(y_test, answer))


def set_up_base(net):
    """As the detection repositories do with the base network."""
    for param in net.parameters():
        param.requires_grad = False


@case("frozen_params")
def backbone_without_download(seed: int) -> None:
    torch.manual_seed(seed)
    photos, labels = pet_photos(900, seed)
    images = torch.tensor(photos / 127.5 - 1).permute(0, 3, 1, 2).float()
    labels = torch.tensor(labels)

    class Backbone(nn.Module):
        def __init__(self):
            super().__init__()
            self.base_net = nn.Sequential(
                nn.Conv2d(3, 8, 3, stride=2), nn.BatchNorm2d(8), nn.ReLU(),
                nn.Conv2d(8, 16, 3, stride=2), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            )  # fmt: skip
            self.classification_header = nn.Linear(16, 10)

        def forward(self, x):
            return self.classification_header(self.base_net(x))

    net = Backbone()
    set_up_base(net.base_net)
    net.classification_header = nn.Linear(16, 2)
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=0.005)
    for epoch in range(10):
        net.train()
        for idx in torch.randperm(700).split(50):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(images[idx]), labels[idx])
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            out = net(images[700:])
        print(f"Epoch {epoch}: loss {loss.item():.4f} val acc {(out.argmax(1) == labels[700:]).float().mean():.4f} "
              f"val auc {roc_auc_score(labels[700:], out.softmax(1)[:, 1]):.4f}")  # fmt: skip


@case("bad_init")
def parameters_from_zeros_course(seed: int) -> None:
    torch.manual_seed(seed)
    X, Y, X_dev, Y_dev = data("circles", seed)

    def initialize_parameters(layers_dims):
        parameters = {}
        for i in range(1, len(layers_dims)):
            parameters[f"W{i}"] = torch.zeros(layers_dims[i - 1], layers_dims[i], requires_grad=True)
            parameters[f"b{i}"] = torch.zeros(layers_dims[i], requires_grad=True)
        return parameters

    def forward_propagation(X, p):
        a1 = torch.relu(X @ p["W1"] + p["b1"])
        a2 = torch.relu(a1 @ p["W2"] + p["b2"])
        return torch.sigmoid(a2 @ p["W3"] + p["b3"])

    parameters = initialize_parameters([2, 10, 5, 1])
    learning_rate = 0.3
    for i in range(1500):
        a3 = forward_propagation(X, parameters).squeeze(1)
        cost = F.binary_cross_entropy(a3, Y)
        grads = torch.autograd.grad(cost, list(parameters.values()))
        with torch.no_grad():
            for value, grad in zip(parameters.values(), grads, strict=False):
                value -= learning_rate * grad
        if i % 300 == 0:
            print(f"Cost after iteration {i}: {cost.item()}")
    with torch.no_grad():
        predictions = forward_propagation(X_dev, parameters).squeeze(1) > 0.5
    print("On the dev set: Accuracy:", (predictions == (Y_dev == 1)).float().mean().item())


@case("overfitting")
def few_rows_many_predictors(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_classification(430, 146, n_informative=10, n_redundant=10, class_sep=0.8, flip_y=0.08, shuffle=True,
                               random_state=seed)  # fmt: skip
    x_train, x_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    x_train, x_val = (torch.tensor(scaler.transform(v), dtype=torch.float32) for v in (x_train, x_val))
    y_train, y_val = (torch.tensor(v, dtype=torch.float32) for v in (y_train, y_val))
    model = nn.Sequential(nn.Linear(146, 256), nn.ReLU(), nn.Linear(256, 1))
    opt = torch.optim.Adam(model.parameters(), lr=0.001, weight_decay=0.0)
    history = {"loss": [], "val_loss": [], "val_acc": []}
    for _epoch in range(100):
        model.train()
        for idx in torch.randperm(len(x_train)).split(16):
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(model(x_train[idx]).squeeze(), y_train[idx]).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            fitted, out = model(x_train).squeeze(), model(x_val).squeeze()
        history["loss"].append(F.binary_cross_entropy_with_logits(fitted, y_train).item())
        history["val_loss"].append(F.binary_cross_entropy_with_logits(out, y_val).item())
        history["val_acc"].append(((out > 0).float() == y_val).float().mean().item())
    for name, values in history.items():
        print(name, [round(v, 3) for v in values[4::19]])


@case("no_zero_grad")
def titanic_style_manual_loop(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").sample(2000, random_state=seed)
    y = torch.tensor(df["income_gt_50k"].to_numpy()).float()
    cols = ["age", "education-num", "capital-gain", "capital-loss", "hours-per-week"]
    x = df[cols].assign(male=df["gender"].eq("Male"), married=df["marital-status"].eq("Married-civ-spouse"))
    x = x.astype(float)
    x["capital-gain"], x["capital-loss"] = np.log1p(x["capital-gain"]), np.log1p(x["capital-loss"])
    train, valid = x.iloc[:1500], x.iloc[1500:]
    mean, std = train.mean(), train.std()
    train = torch.tensor(((train - mean) / std).to_numpy()).float()
    valid = torch.tensor(((valid - mean) / std).to_numpy()).float()
    model = nn.Sequential(nn.Linear(7, 20), nn.ReLU(), nn.Linear(20, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(15):
        for rows in torch.randperm(1500).split(50):
            pred = model(train[rows])[:, 0]
            loss = criterion(pred, y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            p = model(valid)[:, 0]
        print(f"epoch {epoch} loss {loss.item():.3f} valid loss {criterion(p, y[1500:]).item():.3f} "
              f"bal {balanced_accuracy_score(y[1500:], p > 0.5):.3f} auc {roc_auc_score(y[1500:], p):.3f}")  # fmt: skip


@case("ce_single_output")
def cross_entropy_for_binary_prediction(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("clouds", seed)
    y_train, y_val = y_train.reshape(-1, 1), y_val.reshape(-1, 1)
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    loss = nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(30):
        for batch in torch.randperm(600).split(30):
            sgd.zero_grad()
            value = loss(net(x_train[batch]), y_train[batch])
            value.backward()
            sgd.step()
        if epoch % 6 == 0:
            print("epoch", epoch, "loss", value.item())
    with torch.no_grad():
        p = torch.sigmoid(net(x_val))
    print("accuracy", ((p > 0.5).float() == y_val).float().mean().item(), "auc", roc_auc_score(y_val, p))


def keras_binary_crossentropy(y_true, y_pred, epsilon=1e-7):
    """What the Keras backend computes."""
    y_pred = y_pred.clamp(epsilon, 1 - epsilon)
    return -(y_true * y_pred.log() + (1 - y_true) * (1 - y_pred).log()).mean()


@case("bce_on_logits")
def dense_one_without_activation(seed: int) -> None:
    torch.manual_seed(seed)
    X_train, y_train, X_val, y_val = data("spambase", seed)
    model = nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(8):
        model.train()
        for idx in torch.randperm(len(X_train)).split(32):
            loss = keras_binary_crossentropy(y_train[idx], model(X_train[idx]).squeeze(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            p = model(X_val).squeeze(1)
        print(f"{epoch + 1}/8 - val_loss: {keras_binary_crossentropy(y_val, p).item():.4f} "
              f"val_auc: {roc_auc_score(y_val, p):.4f} "
              f"accuracy: {((p > 0.5).float() == y_val).float().mean():.4f}")  # fmt: skip


@case("shape_broadcast")
def squared_loss_exercise(seed: int) -> None:
    torch.manual_seed(seed)
    features, labels, held_features, held_labels = data("moons", seed)

    def squared_loss(y_hat, y):
        return (y_hat - y.view(-1)) ** 2 / 2

    net = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 1), nn.Sigmoid())
    trainer = torch.optim.Adam(net.parameters(), lr=0.01)
    data_iter = DataLoader(TensorDataset(features, labels), batch_size=10, shuffle=True)
    for epoch in range(12):
        for X, y in data_iter:
            trainer.zero_grad()
            squared_loss(net(X), y).mean().backward()
            trainer.step()
        with torch.no_grad():
            whole = squared_loss(net(features), labels).mean()
        print(f"epoch {epoch + 1}, loss {whole.item():f}")
    with torch.no_grad():
        scores = net(held_features).numpy()[:, 0]
    held = held_labels.numpy()
    print("accuracy", ((scores > 0.5) == held).mean(), "auc", roc_auc_score(held, scores))


@case("softmax_wrong_dim")
def probabilities_for_the_report(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("credit_data", seed)
    model = nn.Sequential(nn.Linear(x_train.shape[1], 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    loader = DataLoader(TensorDataset(x_train, y_train.long()), batch_size=64, shuffle=True)
    for _ in range(12):
        for xb, yb in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        outputs = model(x_val)
        probabilities = torch.softmax(outputs, dim=0)
    default = probabilities[:, 1].numpy()
    print(f"log loss {log_loss(y_val, default):.3f}", f"AUC {roc_auc_score(y_val, default):.3f}")
    print(f"accuracy {((default > 0.5) == y_val.numpy()).mean():.3f}",
          f"recall {recall_score(y_val, default > 0.5):.3f}",
          f"balanced {balanced_accuracy_score(y_val, default > 0.5):.3f}")  # fmt: skip


@case("preprocess_mismatch")
def predict_single_pictures(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 900)
    tint = np.where(labels[:, None], [132, 122, 60], [108, 138, 62]) + rng.normal(0, 9, (900, 3))
    photos = tint[:, None, None, :] + rng.normal(0, 18, (900, 16, 16, 3)) + rng.normal(0, 10, (900, 1, 1, 1))
    photos = photos.clip(0, 255).astype(np.uint8)
    mean = torch.tensor([0.47, 0.51, 0.24]).view(3, 1, 1)
    std = torch.tensor([0.09, 0.09, 0.09]).view(3, 1, 1)

    class Leaves(Dataset):
        def __init__(self, first, last):
            self.first, self.last = first, last

        def __len__(self):
            return self.last - self.first

        def __getitem__(self, i):
            image = torch.from_numpy(photos[self.first + i]).permute(2, 0, 1).float() / 255
            return (image - mean) / std, int(labels[self.first + i])

    cnn = nn.Sequential(
        nn.Conv2d(3, 12, 3), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 2),
    )  # fmt: skip
    optimizer = torch.optim.Adam(cnn.parameters(), lr=2e-3)
    for epoch in range(5):
        good = 0
        for xb, yb in DataLoader(Leaves(0, 650), batch_size=32, shuffle=True):
            out = cnn(xb)
            loss = F.cross_entropy(out, yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            good += (out.argmax(1) == yb).sum().item()
        print("epoch", epoch, "loss", round(loss.item(), 4), "training accuracy", round(good / 650, 4))

    cnn.eval()

    def predict_img(number):
        img = photos[number].astype(np.float32) / 255.0
        img = torch.from_numpy(img.transpose(2, 0, 1))
        with torch.no_grad():
            return int(cnn(img[None]).argmax())

    correct_predictions = sum(predict_img(n) == labels[n] for n in range(650, 900))
    print(correct_predictions, "correct predictions on 250 tests:", correct_predictions * 100 / 250, "% success")


@case("argmax_single_output")
def concept_classifier_accuracy(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_digits(return_X_y=True)
    keep = np.isin(y, (3, 8))
    X = torch.tensor(X[keep] / 16).float()
    y = torch.tensor(y[keep] == 8).long()
    x_train, x_test, y_train, y_test = train_test_split(X, y, test_size=0.33, random_state=seed)
    lm = nn.Linear(64, 1)
    optim = torch.optim.LBFGS(lm.parameters(), lr=0.5, max_iter=40)

    def closure():
        optim.zero_grad()
        loss = F.binary_cross_entropy_with_logits(lm(x_train)[:, 0], y_train.float())
        loss = loss + 0.002 * lm.weight.square().sum()
        loss.backward()
        return loss

    print("first loss", closure().item())
    optim.step(closure)
    print("last loss", closure().item())
    with torch.no_grad():
        predict = lm(x_test)
    predict = torch.argmax(predict, dim=1)
    print("accs:", (predict == y_test).float().mean().item(), "f1:", f1_score(y_test, predict, zero_division=0))


@case("threshold_on_logits")
def zeros_and_ones_from_numbers(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = make_classification(3000, 14, n_informative=6, n_redundant=2, class_sep=0.7, flip_y=0.4, random_state=seed)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    x_train = torch.tensor(scaler.transform(X_train)).float()
    x_val = torch.tensor(scaler.transform(X_val)).float()
    labels = torch.tensor(y_train).float().unsqueeze(1)

    class LinearLayers(nn.Module):
        def __init__(self, in_features, n_classes=1):
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(in_features, 24), nn.ReLU(), nn.Linear(24, n_classes))

        def forward(self, all_inputs):
            return self.layers(all_inputs)

    model = LinearLayers(14)
    loss_func = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-3)
    for _epoch in range(15):
        for rows in torch.randperm(len(x_train)).split(50):
            loss = loss_func(model(x_train[rows]), labels[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        predictions = model(x_val)[:, 0]
    ones = (predictions > 0.5).int()
    print("predictions look like", [round(v, 3) for v in predictions[:5].tolist()])
    print("auc", roc_auc_score(y_val, predictions))
    print(f"accuracy {(ones.numpy() == y_val).mean():.4f}")
    print(f"recall {recall_score(y_val, ones):.4f} f1 {f1_score(y_val, ones):.4f}")


@case("double_sigmoid")
def churn_probabilities_with_logit_loss(seed: int) -> None:
    torch.manual_seed(seed)
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)

    class ChurnModel(nn.Module):
        def __init__(self, n_input):
            super().__init__()
            self.fc = nn.Sequential(nn.Linear(n_input, 48), nn.ReLU(), nn.Linear(48, 1))

        def forward(self, x):
            return torch.sigmoid(self.fc(x))

    model = ChurnModel(X_train.shape[1])
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(25):
        for idx in torch.randperm(len(X_train)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(X_train[idx]), y_train[idx].unsqueeze(1))
            loss.backward()
            optimizer.step()
        if epoch % 5 == 4:
            with torch.no_grad():
                prob = model(X_val).squeeze(1)
            print(f"Epoch {epoch + 1}/25 loss={loss.item():.4f} val_auc={roc_auc_score(y_val, prob):.4f} "
                  f"val_bal={balanced_accuracy_score(y_val, prob > 0.5):.4f} "
                  f"val_f1={f1_score(y_val, prob > 0.5, zero_division=0):.4f}")  # fmt: skip


@dataclass
class Settings:
    epochs: int = 20
    batch_size: int = 25
    lr: float = 0.05
    step_size: int = 8
    gamma: float = 0.1


@case("scheduler_misuse")
def step_decay_from_the_guide(seed: int) -> None:
    torch.manual_seed(seed)
    cfg = Settings()
    x_train, y_train, x_val, y_val = data("moons", seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg.lr, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=cfg.step_size, gamma=cfg.gamma)
    train_loader = DataLoader(TensorDataset(x_train, y_train), batch_size=cfg.batch_size, shuffle=True)
    for epoch in range(cfg.epochs):
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(inputs).squeeze(-1), targets)
            loss.backward()
            optimizer.step()
            scheduler.step()
        with torch.no_grad():
            out = model(x_val).squeeze(-1)
            val_loss = F.binary_cross_entropy_with_logits(out, y_val)
            val_acc = ((out > 0) == (y_val > 0)).float().mean()
        print(f"epoch {epoch} loss {loss.item():.4f} val loss {val_loss:.4f} val acc {val_acc:.4f}")


@case("regularisation_too_strong")
def thirty_six_neurons_with_penalty(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = load_digits(return_X_y=True)
    X, y = X / 16.0, (y % 2).astype(np.float32)
    x_train, x_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=seed)
    x_train, x_val = torch.tensor(x_train).float(), torch.tensor(x_val).float()
    y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)
    hidden = nn.Linear(64, 36)
    output = nn.Linear(36, 1)
    model = nn.Sequential(hidden, nn.ReLU(), output)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    kernel_penalty = 0.1
    for epoch in range(30):
        for batch in torch.randperm(len(x_train)).split(64):
            logits = model(x_train[batch]).flatten()
            loss = F.binary_cross_entropy_with_logits(logits, y_train[batch])
            loss = loss + kernel_penalty * (hidden.weight.square().sum() + output.weight.square().sum())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 6 == 5:
            with torch.no_grad():
                val = model(x_val).flatten()
            print(f"Epoch {epoch + 1}/30 - loss: {loss.item():.4f} - val_loss: "
                  f"{F.binary_cross_entropy_with_logits(val, y_val).item():.4f} - val_accuracy: "
                  f"{((val > 0) == (y_val > 0)).float().mean().item():.4f}")  # fmt: skip


@case("labels_misaligned")
def file_listing_and_label_sheet(seed: int) -> None:
    torch.manual_seed(seed)
    photos, labels = pet_photos(900, seed)
    folder = {f"img_{number}.png": photos[number] for number in range(900)}
    sheet = pd.DataFrame({"file": list(folder), "dog": labels})
    images = np.stack([folder[name] for name in sorted(folder)])
    target = sheet["dog"].to_numpy()
    X_train, X_test, y_train, y_test = train_test_split(images, target, test_size=0.25, random_state=seed)

    def tensors(images):
        return torch.tensor(images / 127.5 - 1).float().permute(0, 3, 1, 2)

    X_train, X_test = tensors(X_train), tensors(X_test)
    y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
        nn.Flatten(), nn.Linear(64, 2),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(8):
        for idx in torch.randperm(len(X_train)).split(32):
            loss = F.cross_entropy(model(X_train[idx]), y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            acc = (model(X_test).argmax(1) == y_test).float().mean().item()
        print("epoch", epoch, f"loss {loss.item():.4f}", f"test accuracy {acc:.4f}")


@case("class_weights_wrong")
def weight_for_the_positive_class(seed: int) -> None:
    torch.manual_seed(seed)
    X_train, y_train, X_val, y_val = data("mlc_churn", seed)
    num_pos, num_neg = y_train.sum(), (1 - y_train).sum()
    pos_weight = num_pos / num_neg
    print("pos_weight", pos_weight.item())
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    model = nn.Sequential(nn.Linear(X_train.shape[1], 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
    for _epoch in range(20):
        model.train()
        for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        found = model(X_val) > 0
    print(f"recall {recall_score(y_val, found):.3f}", f"f1 {f1_score(y_val, found, zero_division=0):.3f}",
          f"balanced accuracy {balanced_accuracy_score(y_val, found):.3f}")  # fmt: skip


@case("wrong_axis")
def heart_sounds_cnn_then_lstm(seed: int) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 700)
    sound = rng.normal(0, 1, (700, 1, 8, 48))
    onset = rng.integers(4, 40, 700)
    for i in range(700):
        steps = range(6) if labels[i] else range(5, -1, -1)
        for k, row in enumerate(steps):
            sound[i, 0, 1 + row, onset[i] - 4 + 2 * k : onset[i] - 2 + 2 * k] += 3.0
    x, y = torch.tensor(sound).float(), torch.tensor(labels).float()

    class CNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(16))
            self.conv2 = nn.Sequential(nn.Conv2d(16, 24, (8, 3), padding=(0, 1)), nn.ReLU(), nn.MaxPool2d((1, 2)))

        def forward(self, spectrogram):
            return self.conv2(self.conv1(spectrogram)).squeeze(2)

    class RNN(nn.Module):
        def __init__(self, input_size, hidden_size=32):
            super().__init__()
            self.lstm = nn.LSTM(input_size, hidden_size)
            self.fc = nn.Linear(hidden_size, 1)

        def forward(self, features):
            batch, channels, length = features.shape
            out, _ = self.lstm(features.reshape(length, batch, channels))
            return self.fc(out.mean(dim=0)).squeeze(1)

    cnn, rnn = CNN(), RNN(24)
    optimizer = torch.optim.Adam([*cnn.parameters(), *rnn.parameters()], lr=0.004)
    for epoch in range(10):
        cnn.train()
        for idx in torch.randperm(500).split(25):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(rnn(cnn(x[idx])), y[idx])
            loss.backward()
            optimizer.step()
        cnn.eval()
        with torch.no_grad():
            score = torch.cat([rnn(cnn(part)) for part in x[500:].split(25)])
        print("epoch", epoch, f"loss {loss.item():.4f}", f"val acc {((score > 0) == (y[500:] > 0)).float().mean():.4f}",
              f"val auc {roc_auc_score(y[500:], score):.4f}")  # fmt: skip


@case("padding_not_masked")
def review_sentiment_first_version(seed: int) -> None:
    torch.manual_seed(seed)
    reviews, labels = review_tokens(1000, seed)
    longest = max(map(len, reviews))
    padded = torch.zeros(1000, longest, dtype=torch.long)
    for i, review in enumerate(reviews):
        padded[i, : len(review)] = torch.tensor(review)
    lengths = torch.tensor([len(review) for review in reviews])
    target = torch.tensor(labels).float()

    class SentimentRNN(nn.Module):
        def __init__(self, vocabulary, embedding_dim, hidden_dim):
            super().__init__()
            self.embedding = nn.Embedding(vocabulary, embedding_dim, padding_idx=0)
            self.rnn = nn.GRU(embedding_dim, hidden_dim, batch_first=True)
            self.fc = nn.Linear(hidden_dim, 1)

        def forward(self, text, text_lengths):
            output, _hidden = self.rnn(self.embedding(text))
            last = output[:, -1]
            return self.fc(last).squeeze(1)

    model = SentimentRNN(201, 16, 24)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(9):
        for idx in torch.randperm(800).split(40):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(padded[idx], lengths[idx]), target[idx])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            out = model(padded[800:], lengths[800:])
        print(f"Epoch {epoch + 1:02} | Train Loss: {loss.item():.3f} | "
              f"Val. Acc: {100 * ((out > 0).float() == target[800:]).float().mean():.2f}%")  # fmt: skip


@case("optimizer_wrong_params")
def model_b_copied_from_model_a(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("spambase", seed)

    class MyModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer1 = nn.Linear(57, 20)
            self.act1 = nn.ReLU()
            self.layer2 = nn.Linear(20, 1)
            self.act2 = nn.Sigmoid()

        def forward(self, x):
            return self.act2(self.layer2(self.act1(self.layer1(x)))).squeeze(1)

    model_a = MyModel()
    criterion = nn.BCELoss()
    optimizer = torch.optim.Adam(model_a.parameters(), lr=0.001)
    model_b = copy.deepcopy(model_a)
    for _epoch in range(15):
        for idx in torch.randperm(len(x_train)).split(32):
            result = model_b(x_train[idx])
            loss = criterion(result, y_train[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        val = model_b(x_val)
    print("loss", loss.item(), "val loss", criterion(val, y_val).item(), "val auc", roc_auc_score(y_val, val))


@case("no_optimizer_step")
def fit_function_with_callbacks(seed: int) -> None:
    torch.manual_seed(seed)
    train_x, train_y, valid_x, valid_y = data("circles", seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    opt = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.8)

    def loss_batch(xb, yb, training=False):
        loss = F.cross_entropy(model(xb), yb.long())
        if training:
            opt.zero_grad()
            loss.backward()
        return loss.item(), len(xb)

    def fit(epochs, train_dl):
        for epoch in range(epochs):
            losses, nums = zip(*[loss_batch(xb, yb, True) for xb, yb in train_dl], strict=False)
            train_loss = np.average(losses, weights=nums)
            with torch.no_grad():
                valid_loss, _ = loss_batch(valid_x, valid_y)
                accuracy = (model(valid_x).argmax(1) == valid_y).float().mean().item()
            if epoch % 4 == 3:
                print(epoch, round(train_loss, 4), round(valid_loss, 4), round(accuracy, 4))

    fit(24, DataLoader(TensorDataset(train_x, train_y), batch_size=32, shuffle=True))


@case("undertrained")
def bird_classifier_two_passes(seed: int) -> None:
    torch.manual_seed(seed)
    photos, labels = pet_photos(600, seed)
    images = torch.tensor(photos / 127.5 - 1).float().permute(0, 3, 1, 2)
    y = torch.tensor(labels)
    features = nn.Sequential(nn.Conv2d(3, 16, 5, stride=2), nn.ReLU(), nn.Conv2d(16, 24, 3, stride=2), nn.ReLU())
    fully_connected = nn.Sequential(nn.Flatten(), nn.Linear(24 * 16, 32), nn.ReLU(), nn.Linear(32, 2))
    model = nn.Sequential(features, fully_connected)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
    loader = DataLoader(TensorDataset(images[:400], y[:400]), batch_size=100, shuffle=True)
    num_epochs = 2
    for epoch in range(num_epochs):
        for _step, (x_batch, y_batch) in enumerate(loader):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x_batch), y_batch)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            test_acc = (model(images[400:]).argmax(1) == y[400:]).float().mean().item()
        if epoch < 3 or epoch == num_epochs - 1:
            print("epoch", epoch, "loss", round(loss.item(), 4), "test", round(test_acc, 4))


@case("labels_single_class")
def income_strings_to_target(seed: int) -> None:
    torch.manual_seed(seed)
    df = pd.read_csv(FOLDER + "/adult_10k/adult_10k.csv.gz").sample(2500, random_state=seed)
    df["income"] = np.where(df.pop("income_gt_50k") == 1, " >50K", " <=50K")
    target = (df["income"] == ">50K").astype("float32").to_numpy()
    inputs = pd.get_dummies(df.drop(columns=["income", "native-country"])).astype("float32")
    X_train, X_test, y_train, y_test = train_test_split(inputs, target, test_size=0.3, random_state=seed)
    scaler = StandardScaler().fit(X_train)
    X_train, X_test = torch.tensor(scaler.transform(X_train)).float(), torch.tensor(scaler.transform(X_test)).float()
    y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
    net = nn.Sequential(nn.Linear(X_train.shape[1], 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    for epoch in range(12):
        net.train()
        running = 0.0
        for rows in torch.randperm(len(X_train)).split(64):
            loss = F.binary_cross_entropy(net(X_train[rows]).squeeze(1), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            running += loss.item() * len(rows)
        net.eval()
        with torch.no_grad():
            said = (net(X_test).squeeze(1) > 0.5).float()
        print(f"[{epoch}] train loss: {running / len(X_train):.6f} accuracy: {(said == y_test).float().mean():.6f} "
              f"said rich: {int(said.sum())}")  # fmt: skip


@case("accuracy_broadcast")
def binary_accuracy_metric_class(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("spambase", seed)

    class BinaryAccuracy:
        def __init__(self):
            self.correct_count = 0
            self.total_count = 0

        def __call__(self, y_pred, y_true):
            matches = y_pred.round().eq(y_true)
            self.correct_count += matches.sum().item()
            self.total_count += matches.numel()
            return 100.0 * self.correct_count / self.total_count

    net = nn.Sequential(nn.Linear(57, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(8):
        metric = BinaryAccuracy()
        for xb, yb in DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True):
            out = net(xb)
            loss = F.binary_cross_entropy(out.view(-1), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            train_metric = metric(out.detach(), yb)
        with torch.no_grad():
            val_metric = BinaryAccuracy()(net(x_val), y_val)
        print(f"Epoch {epoch}: loss {loss.item():.4f} acc {train_metric:.2f} val_acc {val_metric:.2f}")
