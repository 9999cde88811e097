"""Trainings of several phases or several models, with a fault in one or in all of them."""

import torch
import torch.nn.functional as F
from case import case, data
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


def pretrained(rows: Tensor, hidden: int, epochs: int = 15) -> nn.Module:
    """An encoder of an autoencoder that was trained on these rows."""
    encoder = nn.Sequential(nn.Linear(rows.shape[1], hidden), nn.ReLU())
    decoder = nn.Linear(hidden, rows.shape[1])
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    for _ in range(epochs):
        for batch in rows[torch.randperm(len(rows))].split(64):
            optimizer.zero_grad()
            F.mse_loss(decoder(encoder(batch)), batch).backward()
            optimizer.step()
    return encoder


def evens(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Digits, and whether they are even."""
    x, y = load_digits(return_X_y=True)
    parts = train_test_split(x / 16, 1 - y % 2, test_size=0.3, random_state=seed)
    return tuple(torch.tensor(part, dtype=torch.float32) for part in parts)


@case("double_sigmoid")
def phases_autoencoder_then_sigmoid_head(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, x_val, y_train, y_val = evens(seed)
    encoder = pretrained(x_train, 32)
    classifier = nn.Sequential(encoder, nn.Linear(32, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(classifier.parameters(), lr=1e-3)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(15):
        classifier.train()
        for rows in torch.randperm(len(x_train)).split(64):
            loss = criterion(classifier(x_train[rows])[:, 0], y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        classifier.eval()
        with torch.no_grad():
            right = ((classifier(x_val)[:, 0] > 0.5).float() == y_val).float().mean().item()
        print(f"{loss.item():.3f} {right:.3f}")


@case("optimizer_wrong_params")
def phases_fine_tuning_steps_the_old_optimizer(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, x_val, y_train, y_val = evens(seed)
    encoder, decoder, head = nn.Sequential(nn.Linear(64, 32), nn.ReLU()), nn.Linear(32, 64), nn.Linear(32, 1)
    pretraining = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    for _ in range(15):
        for batch in x_train[torch.randperm(len(x_train))].split(64):
            pretraining.zero_grad()
            F.mse_loss(decoder(encoder(batch)), batch).backward()
            pretraining.step()
    finetuning = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=1e-3)
    for epoch in range(15):
        total = 0.0
        for rows in torch.randperm(len(x_train)).split(64):
            finetuning.zero_grad()
            loss = F.binary_cross_entropy_with_logits(head(encoder(x_train[rows])).squeeze(1), y_train[rows])
            loss.backward()
            pretraining.step()
            total += loss.item()
        with torch.no_grad():
            logits = head(encoder(x_val)).squeeze(1)
        print(epoch, total, accuracy_score(y_val, logits > 0))


@case("lr_too_low")
def phases_student_with_a_millionth(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("spambase", seed)

    def fit(model: nn.Module, rate: float, soft: Tensor | None = None) -> nn.Module:
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        for _ in range(25):
            for rows in torch.randperm(len(x_train)).split(50):
                optimizer.zero_grad()
                logits = model(x_train[rows]).squeeze(1)
                loss = F.binary_cross_entropy_with_logits(logits, y_train[rows])
                if soft is not None:
                    loss = 0.5 * loss + 0.5 * F.binary_cross_entropy_with_logits(logits, soft[rows])
                loss.backward()
                optimizer.step()
        return model

    teacher = fit(nn.Sequential(nn.Linear(57, 64), nn.ReLU(), nn.Linear(64, 1)), 1e-3)
    with torch.no_grad():
        soft = torch.sigmoid(teacher(x_train).squeeze(1) / 2)
    student = fit(nn.Sequential(nn.Linear(57, 8), nn.ReLU(), nn.Linear(8, 1)), 1e-6, soft)
    with torch.no_grad():
        for name, model in (("teacher", teacher), ("student", student)):
            print(name, roc_auc_score(y_val, model(x_val).squeeze(1)))


@case("lr_too_high")
def phases_fine_tuning_wipes_out_the_encoder(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, x_val, y_train, y_val = evens(seed)
    encoder = pretrained(x_train, 48)
    net = nn.Sequential(encoder, nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 2))
    optimizer = torch.optim.SGD(net.parameters(), lr=8.0, momentum=0.9)
    loader = DataLoader(TensorDataset(x_train, y_train.long()), batch_size=64, shuffle=True)
    for _ in range(12):
        net.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(xb), yb)
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            print(loss.item(), (net(x_val).argmax(1) == y_val).float().mean().item())


@case("frozen_params")
def phases_encoder_frozen_before_it_was_trained(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("circles", seed)
    other = pretrained(x_train, 4)
    encoder = nn.Sequential(nn.Linear(2, 4), nn.ReLU())
    print("rebuilt by the pretrained encoder:", other(x_train).std().item())
    for parameter in encoder.parameters():
        parameter.requires_grad = False
    net = nn.Sequential(encoder, nn.Linear(4, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(60):
        for rows in torch.randperm(len(x_train)).split(50):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(x_train[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        print("accuracy", ((net(x_val).squeeze(1) > 0) == y_val.bool()).float().mean().item())


@case("labels_misaligned")
def phases_folds_of_rows_and_of_labels(seed: int) -> None:
    torch.manual_seed(seed)
    x, y, x_more, y_more = data("hypothyroid", seed)
    x, y = torch.cat([x, x_more]), torch.cat([y, y_more])
    order = torch.randperm(len(x))
    x = x[order]
    for train, val in StratifiedKFold(3, shuffle=True, random_state=seed).split(x, y):
        net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
        optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
        for _ in range(10):
            for rows in torch.from_numpy(train)[torch.randperm(len(train))].split(64):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            print("AUC", roc_auc_score(y[val], net(x[val]).squeeze(1)))


@case("threshold_on_logits")
def phases_grid_of_widths_cut_at_a_half(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("mlc_churn", seed)
    best = (0.0, 0)
    for width in (4, 8, 16):
        net = nn.Sequential(nn.Linear(x_train.shape[1], width), nn.ReLU(), nn.Linear(width, 1))
        optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
        for _ in range(20):
            for rows in torch.randperm(len(x_train)).split(64):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(net(x_train[rows]).squeeze(1), y_train[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            caught = ((net(x_val).squeeze(1) > 0.5) & (y_val == 1)).sum().item() / y_val.sum().item()
        best = max(best, (caught, width))
    print("caught and width", best)


@case("preprocess_mismatch")
def phases_classifier_on_raw_rows_behind_a_scaled_encoder(seed: int) -> None:
    torch.manual_seed(seed)
    x_train, y_train, x_val, y_val = data("credit_data", seed, raw=True)
    x_train, x_val = x_train.nan_to_num(), x_val.nan_to_num()
    mean, std = x_train.mean(0), x_train.std(0) + 1e-6
    scaled = (x_train - mean) / std
    encoder = pretrained(scaled, 24)
    net = nn.Sequential(encoder, nn.Linear(24, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(20):
        for rows in torch.randperm(len(scaled)).split(64):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(scaled[rows]).squeeze(1), y_train[rows]).backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        print("AUC", roc_auc_score(y_val, net(x_val).squeeze(1)))
