"""Networks of plain tensors, steps written by hand, and copies that are evaluated in the place of what was trained."""

import copy
import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from case import case, data
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

# --- logistic regression: tensors and steps by hand ---


def by_hand(seed: int, rate: float, name: str = "breast_cancer", raw: bool = False) -> None:
    x, y, x_val, y_val = data(name, seed, raw=raw)
    w = torch.zeros(x.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for _ in range(300):
        p = torch.sigmoid(x @ w + b)
        loss = -(y * torch.log(p + 1e-7) + (1 - y) * torch.log(1 - p + 1e-7)).mean()
        loss.backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
            w.grad.zero_()
            b.grad.zero_()
    with torch.no_grad():
        right = (torch.sigmoid(x_val @ w + b) > 0.5).float() == y_val
    print(right.float().mean().item())


@case("healthy")
def hand_logistic_regression(seed: int) -> None:
    by_hand(seed, 0.5)


@case("unscaled_features")
def hand_logistic_regression_raw(seed: int) -> None:
    by_hand(seed, 0.1, raw=True)


@case("lr_too_low")
def hand_logistic_regression_slow(seed: int) -> None:
    by_hand(seed, 1e-5)


# --- a network of plain tensors, given to an optimizer ---


def plain_network(
    seed: int,
    rate: float,
    *,
    raw: bool = False,
    name: str = "breast_cancer",
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.SGD,
    epochs: int = 300,
    spread: float | None = None,
    cut: float = 0.0,
) -> None:
    x, y, x_val, y_val = data(name, seed, raw=raw)
    inputs, hidden = x.shape[1], 32
    w1 = (torch.randn(inputs, hidden) * (math.sqrt(2 / inputs) if spread is None else spread)).requires_grad_()
    b1 = torch.zeros(hidden, requires_grad=True)
    w2 = (torch.randn(hidden, 1) * (math.sqrt(1 / hidden) if spread is None else spread)).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)

    def net(rows: Tensor) -> Tensor:
        return (torch.relu(rows @ w1 + b1) @ w2 + b2).squeeze(1)

    opt = optimizer([w1, b1, w2, b2], lr=rate)
    for _ in range(epochs):
        loss = F.binary_cross_entropy_with_logits(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(((net(x_val) > cut).float() == y_val).float().mean().item())


@case("healthy")
def plain_tensors(seed: int) -> None:
    plain_network(seed, 0.1)


@case("lr_too_low")
def plain_tensors_slow(seed: int) -> None:
    plain_network(seed, 1e-5)


@case("lr_too_high")
def plain_tensors_fast(seed: int) -> None:
    plain_network(seed, 100.0)


@case("unscaled_features")
def plain_tensors_raw(seed: int) -> None:
    plain_network(seed, 0.1, raw=True)


@case("bad_init")
def plain_tensors_all_zero(seed: int) -> None:
    plain_network(seed, 0.1, spread=0.0)


@case("bad_init")
def plain_tensors_huge(seed: int) -> None:
    plain_network(seed, 0.01, spread=20.0)


@case("overfitting")
def plain_tensors_memorise(seed: int) -> None:
    plain_network(seed, 0.05, optimizer=torch.optim.Adam, name="credit_data", epochs=600)


@case("threshold_on_logits")
def plain_tensors_cut_at_a_half(seed: int) -> None:
    plain_network(seed, 0.01, optimizer=torch.optim.Adam, name="mlc_churn", cut=0.5)


# --- a module, and steps by hand ---


def module_by_hand(seed: int, rate: float, raw: bool = False) -> None:
    x, y, x_val, y_val = data("breast_cancer", seed, raw=raw)
    net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.Tanh(), nn.Linear(16, 1))
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(32):
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            net.zero_grad()
            loss.backward()
            for value in net.parameters():
                value.data -= rate * value.grad
    with torch.no_grad():
        print(((net(x_val).squeeze(1) > 0).float() == y_val).float().mean().item())


@case("healthy")
def hand_steps(seed: int) -> None:
    module_by_hand(seed, 0.1)


@case("unscaled_features")
def hand_steps_raw(seed: int) -> None:
    module_by_hand(seed, 0.1, raw=True)


@case("lr_too_low")
def hand_steps_slow(seed: int) -> None:
    module_by_hand(seed, 1e-5)


# --- what is evaluated is not what was trained ---


def network(inputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, 32), nn.ReLU(), nn.Linear(32, 1))


def fit(net: nn.Module, x: Tensor, y: Tensor, epochs: int = 20, after_step: Callable[[], Any] = lambda: None) -> None:
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(64):
            loss = F.binary_cross_entropy_with_logits(net(x[rows]).squeeze(1), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            after_step()


def accuracy(net: nn.Module, x: Tensor, y: Tensor) -> float:
    net.eval()
    with torch.no_grad():
        return ((net(x).squeeze(1) > 0).float() == y).float().mean().item()


def averaged(seed: int, decay: float) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    net = network(x.shape[1])
    average = copy.deepcopy(net)

    def follow() -> None:
        with torch.no_grad():
            for slow, fast in zip(average.parameters(), net.parameters(), strict=True):
                slow.mul_(decay).add_(fast, alpha=1 - decay)

    fit(net, x, y, after_step=follow)
    print(accuracy(average, x_val, y_val))


@case("healthy")
def average_of_weights(seed: int) -> None:
    averaged(seed, 0.95)


@case("optimizer_wrong_params")
def average_of_weights_lags(seed: int) -> None:
    averaged(seed, 0.99999)


@case("optimizer_wrong_params")
def network_made_anew_before_evaluation(seed: int) -> None:
    x, y, x_val, y_val = data("breast_cancer", seed)
    fit(network(x.shape[1]), x, y, epochs=60)
    print(accuracy(network(x.shape[1]), x_val, y_val))


@case("healthy")
def best_copy_is_kept(seed: int) -> None:
    x, y, x_val, y_val = data("credit_data", seed)
    net = network(x.shape[1])
    best, kept = math.inf, net
    for _ in range(40):
        fit(net, x, y, epochs=1)
        with torch.no_grad():
            loss = F.binary_cross_entropy_with_logits(net(x_val).squeeze(1), y_val).item()
        if loss < best:
            best, kept = loss, copy.deepcopy(net)
    print(accuracy(kept, x_val, y_val))


@case("healthy")
def stochastic_weight_averaging(seed: int) -> None:
    x, y, x_val, y_val = data("spambase", seed)
    net = network(x.shape[1])
    average = AveragedModel(net)
    for epoch in range(20):
        fit(net, x, y, epochs=1)
        if epoch >= 10:
            average.update_parameters(net)
    print(accuracy(average, x_val, y_val))


class Squeezed(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, rows: Tensor) -> Tensor:
        return self.body(rows).squeeze(1)


@case("threshold_on_logits")
def evaluated_inside_another_module(seed: int) -> None:
    x, y, x_val, y_val = data("mlc_churn", seed)
    net = network(x.shape[1])
    fit(net, x, y)
    whole = Squeezed(net).eval()
    with torch.no_grad():
        print(((whole(x_val) > 0.5).float() == y_val).float().mean().item())
