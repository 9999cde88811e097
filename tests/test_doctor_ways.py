"""Whatever way a model is called and trained, watching changes nothing, and the doctor sees the same training."""

import threading
from collections import UserDict, namedtuple
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.utils.parametrizations import spectral_norm

from helpers.doctor import watch
from helpers.doctor.retraining import usual_rate

ROWS = torch.randn(400, 6, generator=torch.Generator().manual_seed(0))
LABELS = (ROWS[:, 0] + ROWS[:, 1] * ROWS[:, 2] > 0).float()
KNOWN, HELD_OUT = slice(0, 300), slice(300, 400)

Given = namedtuple("Given", "loss scores")


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))


class Wrapped(nn.Module):
    """The network behind another way in and out."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = network()


class ByKeyword(Wrapped):
    def forward(self, *, rows: Tensor) -> Tensor:
        return self.inner(rows)


class FromDictionary(Wrapped):
    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"scores": self.inner(batch["rows"])}


@dataclass
class Batch:
    rows: Tensor
    of: str = "the training"


class FromObject(Wrapped):
    def forward(self, batch: Batch) -> Tensor:
        return self.inner(batch.rows)


class FromParts(Wrapped):
    def forward(self, parts: list[Tensor], scale: float = 1.0) -> Tensor:
        return self.inner(torch.cat(parts, dim=1) * scale)


def with_spectral_norm() -> nn.Sequential:
    net = network()
    spectral_norm(net[0])
    return net


class WithItsLoss(Wrapped):
    def forward(self, rows: Tensor, labels: Tensor | None = None) -> Given:
        scores = self.inner(rows)
        return Given(None if labels is None else bce(scores, labels.float()), scores)


# the class, what the training gets of it, and what the evaluation
WAYS = {
    "plain": (network, lambda net, x, y: bce(net(x), y), lambda net, x: net(x)),
    "keyword": (ByKeyword, lambda net, x, y: bce(net(rows=x), y), lambda net, x: net(rows=x)),
    "unpacked": (ByKeyword, lambda net, x, y: bce(net(**UserDict(rows=x)), y), lambda net, x: net(**{"rows": x})),
    "dictionary": (
        FromDictionary,
        lambda net, x, y: bce(net({"rows": x})["scores"], y),
        lambda net, x: net({"rows": x})["scores"],
    ),
    "list": (FromParts, lambda net, x, y: bce(net([x[:, :2], x[:, 2:]]), y), lambda net, x: net([x[:, :2], x[:, 2:]])),
    "loss inside": (WithItsLoss, lambda net, x, y: net(x, y).loss, lambda net, x: net(x).scores),
    "whole-number labels inside": (
        WithItsLoss,
        lambda net, x, y: net(rows=x, labels=y.long()).loss,
        lambda net, x: net(rows=x).scores,
    ),
    "object": (FromObject, lambda net, x, y: bce(net(Batch(x)), y), lambda net, x: net(Batch(x))),
    "spectral norm": (with_spectral_norm, lambda net, x, y: bce(net(x), y), lambda net, x: net(x)),
}


def train(way: str, rate: float = 0.02) -> nn.Module:
    torch.manual_seed(0)
    build, loss_of, scores_of = WAYS[way]
    net = build()
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    for _ in range(25):
        for rows in torch.randperm(300).split(50):
            optimizer.zero_grad()
            loss_of(net, ROWS[rows], LABELS[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            ((scores_of(net, ROWS[HELD_OUT]) > 0) == LABELS[HELD_OUT].bool()).float().mean().item()
    return net


@pytest.mark.parametrize("way", [way for way in WAYS if way != "plain"])
def test_what_is_tested_does_not_depend_on_how_a_model_is_called(way):
    with watch() as seen:
        train("plain")
    expected = seen.diagnose()
    with watch() as seen:
        net = train(way)
    found = seen.diagnose()
    assert not seen.stumbled and not expected.untested and not found.untested
    assert found.healthy and set(found.ruled_out) == set(expected.ruled_out)
    assert all(torch.equal(*pair) for pair in zip(net.parameters(), train(way).parameters(), strict=True))


@pytest.mark.parametrize(("cut", "causes"), [(0.0, []), (0.5, ["threshold_on_logits"])])
@pytest.mark.parametrize("size", [100, 25])
def test_what_is_made_of_a_head_that_is_a_module_of_its_own_is_seen(cut, causes, size):
    torch.manual_seed(0)
    encoder, head = nn.Sequential(nn.Linear(6, 16), nn.ReLU()), nn.Linear(16, 1)
    optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=0.02)
    with watch() as seen:
        for _ in range(25):
            for rows in torch.randperm(300).split(50):
                optimizer.zero_grad()
                bce(head(encoder(ROWS[rows])).squeeze(1), LABELS[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            for rows in torch.arange(300, 400).split(size):
                hidden = encoder(ROWS[rows])
                print(((head(hidden).squeeze(1) > cut) == LABELS[rows]).float().mean().item())
    assert [found.cause for found in seen.diagnose().findings if found.severity == "root"] == causes


class WithAHead(nn.Module):
    def __init__(self, kinds):
        super().__init__()
        self.body, self.head = nn.Sequential(nn.Linear(6, 32), nn.ReLU()), nn.Linear(32, kinds)

    def forward(self, rows):
        return self.head(self.body(rows))


def fitted(model, optimizer, labels, epochs):
    for _ in range(epochs):
        for rows in torch.randperm(300).split(50):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(ROWS[rows]), labels[rows]).backward()
            optimizer.step()


@pytest.mark.parametrize(("order", "cause"), [
    ("head optimizer", None), ("optimizer head", "optimizer_wrong_params"), ("head freeze optimizer", "frozen_params"),
])  # fmt: skip
def test_a_network_that_gets_a_new_head_is_trained_anew(order, cause):
    torch.manual_seed(0)
    model = WithAHead(5)
    of_five = torch.bucketize(ROWS[:, 0].contiguous(), torch.tensor([-1.0, -0.3, 0.3, 1.0]))
    with watch() as seen:
        fitted(model, torch.optim.Adam(model.parameters(), lr=0.02), of_five, 5)
        for done in order.split():
            if done == "head":
                model.head = nn.Linear(32, 2)
            elif done == "freeze":
                for name, parameter in model.named_parameters():
                    parameter.requires_grad = name == "body.0.bias"
            else:
                optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.02)
        fitted(model, optimizer, LABELS.long(), 20)
        with torch.no_grad():
            print((model(ROWS[HELD_OUT]).argmax(dim=1) == LABELS[HELD_OUT]).float().mean().item())
    found = [each.cause for each in seen.diagnose().findings if each.severity != "note"]
    assert found[:1] == ([cause] if cause else [])


@pytest.mark.parametrize("way", ["dictionary", "object", "loss inside"])
def test_re_runs_find_a_rate_too_low_however_a_model_is_called(way):
    with watch() as seen:
        train(way, rate=2e-6)
    first = seen.diagnose().findings[0]
    assert first.cause == "lr_too_low" and first.curves


def by_row(losses):
    losses.backward(torch.full_like(losses, 1 / len(losses)))


def in_two_parts(losses):
    torch.autograd.backward([losses[:20].sum() / len(losses), losses[20:].sum() / len(losses)])


def scaled(losses):
    losses.mean().backward(torch.tensor(1.0))


@pytest.mark.parametrize("backward", [by_row, in_two_parts, scaled])
def test_what_is_found_does_not_depend_on_how_the_gradient_is_asked_for(backward):
    def train_by(rate):
        torch.manual_seed(0)
        net = network()
        optimizer = torch.optim.Adam(net.parameters(), lr=rate)
        for _ in range(25):
            for rows in torch.randperm(300).split(50):
                optimizer.zero_grad()
                backward(bce(net(ROWS[rows]), LABELS[rows], reduction="none"))
                optimizer.step()
            with torch.no_grad():
                ((net(ROWS[HELD_OUT]) > 0) == LABELS[HELD_OUT].bool()).float().mean().item()

    with watch() as seen:
        train("plain")
    expected = seen.diagnose()
    with watch() as seen:
        train_by(0.02)
    found = seen.diagnose()
    assert found.healthy and not found.untested and found.ruled_out == expected.ruled_out
    with watch() as seen:
        train_by(2e-6)
    first = seen.diagnose().findings[0]
    assert first.cause == "lr_too_low" and first.curves


def adversaries(clears):
    torch.manual_seed(0)
    forger, judge = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 6)), network()
    optimizers = [torch.optim.Adam(each.parameters(), lr=2e-3) for each in (forger, judge)]
    for _ in range(60):
        real, forged = ROWS[torch.randint(0, 300, (50,))], forger(torch.randn(50, 3))
        losses = [
            lambda forged=forged: bce(judge(forged), torch.ones(50)),
            lambda real=real, forged=forged: (
                bce(judge(real), torch.ones(50)) + bce(judge(forged.detach()), torch.zeros(50))
            ),
        ]
        for loss_of, optimizer, clear in zip(losses, optimizers, clears, strict=True):
            if clear:
                optimizer.zero_grad()
            loss_of().backward()
            optimizer.step()


def test_two_networks_against_each_other_are_no_broken_classifier():
    with watch() as seen:
        adversaries(clears=(True, True))
    assert not any(finding.severity == "root" for finding in seen.diagnose().findings)


@pytest.mark.parametrize("clears", [(True, False), (False, True), (False, False)])
def test_gradients_that_one_of_two_optimizers_never_clears_are_found(clears):
    with watch() as seen:
        adversaries(clears)
    assert seen.diagnose().findings[0].cause == "no_zero_grad"


def adversarial_by_grad(net, optimizer):
    for rows in torch.randperm(300).split(50):
        attacked = ROWS[rows].clone().requires_grad_()
        (towards,) = torch.autograd.grad(bce(net(attacked), LABELS[rows]), attacked)
        optimizer.zero_grad()
        bce(net((attacked + 0.05 * towards.sign()).detach()), LABELS[rows]).backward()
        optimizer.step()


def adversarial_by_backward(net, optimizer):
    for rows in torch.randperm(300).split(50):
        attacked = ROWS[rows].clone().requires_grad_()
        bce(net(attacked), LABELS[rows]).backward()
        optimizer.zero_grad()
        bce(net((attacked + 0.05 * attacked.grad.sign()).detach()), LABELS[rows]).backward()
        optimizer.step()


def gradient_penalty(net, optimizer):
    for rows in torch.randperm(300).split(50):
        entering = ROWS[rows].clone().requires_grad_()
        scores = net(entering)
        (slope,) = torch.autograd.grad(scores.sum(), entering, create_graph=True)
        optimizer.zero_grad()
        (bce(scores, LABELS[rows]) + 0.01 * slope.square().mean()).backward()
        optimizer.step()


def all_rows_by_closure(net, optimizer):
    optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=4)

    def closure():
        optimizer.zero_grad()
        loss = bce(net(ROWS[KNOWN]), LABELS[KNOWN])
        loss.backward()
        return loss

    optimizer.step(closure)


def test_a_closure_that_the_optimizer_calls_is_seen_as_a_loop_is():
    def by_closure():
        torch.manual_seed(0)
        net = network()
        optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
        for _ in range(25):
            for rows in torch.randperm(300).split(50):

                def closure(rows=rows):
                    optimizer.zero_grad()
                    loss = bce(net(ROWS[rows]), LABELS[rows])
                    loss.backward()
                    return loss

                optimizer.step(closure)
            with torch.no_grad():
                ((net(ROWS[HELD_OUT]) > 0) == LABELS[HELD_OUT].bool()).float().mean().item()

    with watch() as seen:
        by_closure()
    found = seen.diagnose()
    with watch() as seen:
        train("plain")
    assert found.healthy and not found.untested and found.ruled_out == seen.diagnose().ruled_out


def traced_first(net, optimizer):
    torch.jit.trace(net, ROWS[:5])
    adversarial_by_grad(net, optimizer)


def in_a_thread(net, optimizer):
    thread = threading.Thread(target=adversarial_by_grad, args=(net, optimizer))
    thread.start()
    thread.join()


def steps_as_gradients_arrive(net, optimizer):
    def step(parameter):
        optimizers[parameter].step()
        optimizers[parameter].zero_grad()

    optimizers = {each: torch.optim.Adam([each], lr=0.01) for each in net.parameters()}
    handles = [each.register_post_accumulate_grad_hook(step) for each in optimizers]
    for rows in torch.randperm(300).split(50):
        bce(net(ROWS[rows]), LABELS[rows]).backward()
    for handle in handles:
        handle.remove()


def several_at_once(net, optimizer):
    parameters, buffers = stack_module_state([network() for _ in range(3)])
    bones = network().to("meta")
    optimizer = torch.optim.Adam(parameters.values(), lr=0.01)
    scores_of = vmap(lambda values, more, rows: functional_call(bones, (values, more), (rows,)), in_dims=(0, 0, None))
    for rows in torch.randperm(300).split(50):
        optimizer.zero_grad()
        bce(scores_of(parameters, buffers, ROWS[rows]), LABELS[rows].expand(3, -1)).backward()
        optimizer.step()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("epoch", [
    adversarial_by_grad, adversarial_by_backward, gradient_penalty, all_rows_by_closure, traced_first, in_a_thread,
    steps_as_gradients_arrive, several_at_once,
])  # fmt: skip
def test_unusual_trainings_are_left_alone_and_accused_of_nothing_that_is_not_so(epoch):
    def train():
        torch.manual_seed(0)
        net = network()
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(20):
            epoch(net, optimizer)
            with torch.no_grad():
                ((net(ROWS[HELD_OUT]) > 0) == LABELS[HELD_OUT].bool()).float().mean().item()
        return [*net.parameters(), torch.get_rng_state()]

    expected = train()
    with watch() as seen:
        found = train()
    assert all(torch.equal(*pair) for pair in zip(found, expected, strict=True)) and not seen.stumbled
    diagnosis = seen.diagnose()
    assert {finding.cause for finding in diagnosis.findings} <= {"undertrained"}, str(diagnosis)
    assert not any("does not understand" in reason for reason in diagnosis.untested)


@pytest.mark.parametrize(("cut", "causes"), [(0.0, []), (0.5, ["threshold_on_logits"])])
def test_decisions_and_labels_picked_by_them_may_be_compared_with_a_half(cut, causes):
    with watch() as seen:
        net = train("plain")
        with torch.no_grad():
            said = (net(ROWS[HELD_OUT]) > cut).float()
            print((LABELS[HELD_OUT][said > 0.5] > 0.5).float().mean().item())
    assert [found.cause for found in seen.diagnose().findings if found.severity == "root"] == causes


@pytest.mark.parametrize(("classes_first", "causes"), [(True, []), (False, ["softmax_wrong_dim"])])
def test_softmax_over_the_first_dimension_is_right_where_the_classes_are(classes_first, causes):
    torch.manual_seed(0)
    weight = torch.randn(2, 6, requires_grad=True)
    bias = torch.zeros((2, 1) if classes_first else 2, requires_grad=True)
    optimizer = torch.optim.Adam([weight, bias], lr=0.02)
    with watch() as seen:
        for _ in range(5):
            for rows in torch.randperm(300).split(50):
                sums = weight @ ROWS[rows].T + bias if classes_first else ROWS[rows] @ weight.T + bias
                places = LABELS[rows].long(), torch.arange(50)
                optimizer.zero_grad()
                (-torch.log_softmax(sums, dim=0)[places if classes_first else places[::-1]].mean()).backward()
                optimizer.step()
    assert [found.cause for found in seen.diagnose().findings if found.severity == "root"] == causes


def test_re_runs_take_the_mean_rate_of_one_cycle():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    cycle, rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.4, total_steps=100), []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        cycle.step()
    assert usual_rate(optimizer.param_groups[0]) == pytest.approx(sum(rates) / len(rates), rel=0.1)
