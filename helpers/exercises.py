"""The checks of the lessons' exercises: each tries the learner's function and says in one sentence what it found."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from helpers.data import Resplits, load
from helpers.doctor import CAUSES
from helpers.networks import MLP
from helpers.seeding import generator


def _report(name: str, attempt: Callable[[], str | None]) -> None:
    """Print what an attempt found wrong with the learner's function, or that it is right."""
    try:
        problem = attempt()
    except NotImplementedError:
        problem = "it is still to be written"
    except Exception as error:  # whatever the learner's code raises is for the learner to read
        problem = f"it raised {type(error).__name__}: {error}"
    print(f"{name}: {'right.' if problem is None else f'not yet, {problem}.'}")


def check_memorises_one_batch(memorises_one_batch: Callable[[nn.Module, Tensor, Tensor, int], bool]) -> None:
    """Try the learner's `memorises_one_batch(model, features, labels, steps)` on healthy and on broken networks."""

    def attempt() -> str | None:
        rng = generator("exercise: one batch", 0)
        features = torch.from_numpy(rng.standard_normal((32, 20)))
        labels = torch.from_numpy((rng.permutation(32) < 8).astype(float))  # by no rule: only memory helps
        healthy = MLP((64,)).build(20, seed=0)
        flat = nn.Sequential(healthy, nn.Flatten(0))
        dropout = MLP((64,), dropout=0.8).build(20, seed=0).train()
        dead = MLP((64,)).build(20, seed=0)
        dead.state_dict()["0.bias"].fill_(-1000.0)
        broken = {
            "whose ReLUs are all dead": dead,
            "that ends in a Softmax over its only output": nn.Sequential(healthy, nn.Softmax(dim=1)),
            "that ends in a ReLU, so that it never gives a negative logit": nn.Sequential(healthy, nn.ReLU()),
        }
        before = {name: value.clone() for name, value in healthy.state_dict().items()}
        answer: object = memorises_one_batch(healthy, features, labels, 300)
        if not isinstance(answer, bool):
            return f"it returned {type(answer).__name__}; expected True or False"
        if any(not torch.equal(value, before[name]) for name, value in healthy.state_dict().items()):
            return "it changed the weights of the network that it was given; train a deepcopy"
        if not answer:
            return (
                "it says False of a healthy network; are outputs and labels of the same shape, "
                "and does the optimizer hold the weights of the copy"
            )
        if not memorises_one_batch(flat, features, labels, 300):
            return "it says False of a healthy network whose outputs have shape [rows]; it should take these too"
        for what, network in broken.items():
            if memorises_one_batch(network, features, labels, 300):
                return f"it says True of a network {what}; compare the final loss with 0.1, not with the first loss"
        if memorises_one_batch(healthy, features, labels, 18):
            return "it says True after 18 steps, with the loss above 0.1; compare the loss, and take `steps` steps"
        if not memorises_one_batch(healthy, features, labels, 24):
            return "it says False after 24 steps; is the rate 0.01, and are the gradients set to zero before each step"
        if not memorises_one_batch(dropout, features, labels, 24):
            return "it says False of a healthy network with dropout; `eval()` on the copy silences dropout"
        if not dropout.training:
            return "it left the network that it was given in eval mode; call `eval()` on the copy alone"
        return None

    _report("memorises_one_batch", attempt)


def check_threshold_for_costs(threshold_for_costs: Callable[[float, float], float]) -> None:
    """Try the learner's `threshold_for_costs(cost_of_a_miss, cost_of_a_false_alarm)` on costs with known answers."""

    def attempt() -> str | None:
        answers = {}
        for miss, alarm in ((1.0, 1.0), (9.0, 1.0), (1.0, 4.0), (90.0, 10.0)):
            answer = threshold_for_costs(miss, alarm)
            if isinstance(answer, bool) or not isinstance(answer, int | float):
                return f"it returned {type(answer).__name__}; expected a number"
            answers[miss, alarm] = float(answer)

        def gives(right: Callable[[float, float], float]) -> bool:
            return all(abs(answer - right(*costs)) < 1e-9 for costs, answer in answers.items())

        if gives(lambda miss, alarm: alarm / (alarm + miss)):
            return None
        if gives(lambda miss, alarm: miss / (alarm + miss)):
            return "the two costs have changed places: the dearer a miss, the lower the threshold has to be"
        if gives(lambda miss, alarm: alarm / miss):
            return "that is the threshold of the odds p / (1 - p); the probability itself is asked for"
        if gives(lambda miss, alarm: 1 / (1 + miss)):
            return "it leaves out the cost of a false alarm, which is not always 1"
        if len(set(answers.values())) == 1:
            return "it returns the same threshold whatever the costs; make it depend on them"
        if not all(0 <= answer <= 1 for answer in answers.values()):
            return "it returns a number outside 0 to 1; expected a probability"
        (miss, alarm), answer = next((costs, value) for costs, value in answers.items()
                                     if abs(value - costs[1] / sum(costs)) >= 1e-9)  # fmt: skip
        no, yes = answer * miss, (1 - answer) * alarm
        return (
            f"with a miss at {miss:g} and a false alarm at {alarm:g} it returns {answer:.3g}, where saying no costs "
            f"{no:.3g} and saying yes {yes:.3g} on average; at the threshold the two are equal"
        )

    _report("threshold_for_costs", attempt)


def check_wiring_is_sound(wiring_is_sound: Callable[[Callable[[Tensor, Tensor], Tensor], Tensor], bool]) -> None:
    """Try the learner's `wiring_is_sound(loss_of, labels)` on losses that are wired right and wrong."""

    def both(logits: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(logits), logits], dim=1)

    def by_hand(logits: Tensor, labels: Tensor) -> Tensor:
        return -(labels * functional.logsigmoid(logits) + (1 - labels) * functional.logsigmoid(-logits)).mean()

    bce, with_logits = functional.binary_cross_entropy, functional.binary_cross_entropy_with_logits
    sound: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "BCEWithLogitsLoss of the logits": lambda z, y: with_logits(z.squeeze(1), y),
        "BCELoss of sigmoid(logits)": lambda z, y: bce(torch.sigmoid(z).squeeze(1), y),
        "MSELoss of sigmoid(logits)": lambda z, y: functional.mse_loss(torch.sigmoid(z).squeeze(1), y),
        "cross entropy of two outputs": lambda z, y: functional.cross_entropy(both(z), y.long()),
    }
    cost = "compare the loss of logits of ±20, all on the right side, with 0.01"
    pull = "look at the slopes from logits of 0"
    broken: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], str]] = {
        "two sigmoids": (lambda z, y: with_logits(torch.sigmoid(z).squeeze(1), y), cost),
        "two outputs with softmax twice": (lambda z, y: functional.cross_entropy(both(z).softmax(1), y.long()), cost),
        "softmax over one output": (lambda z, y: bce(z.softmax(1).squeeze(1), y), cost),
        "a BCE by hand whose shapes broadcast": (by_hand, cost),
        "cross entropy of one output": (
            lambda z, y: functional.cross_entropy(z, y.unsqueeze(1)), f"{pull}: a slope of 0 pulls nowhere"),
        "outputs clamped to 0 to 1": (
            lambda z, y: bce(z.clamp(0, 1).squeeze(1), y), f"{pull}: every row has to be pulled, not only some"),
        "a loss with its sign turned": (
            lambda z, y: -with_logits(z.squeeze(1), y), f"{pull}: descent goes against the slope"),
    }  # fmt: skip

    def attempt() -> str | None:
        labels = torch.tensor([0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0])
        for what, loss_of in sound.items():
            answer: object = wiring_is_sound(loss_of, labels)
            if not isinstance(answer, bool):
                return f"it returned {type(answer).__name__}; expected True or False"
            if not answer:
                return (
                    f"it says False of {what}, which is sound; do the logits have the shape [rows, 1], are those of "
                    "positives +20 and those of negatives -20, and is a negative slope the right one for a positive"
                )
        for what, (loss_of, remedy) in broken.items():
            if wiring_is_sound(loss_of, labels):
                return f"it says True of {what}; {remedy}"
        return None

    _report("wiring_is_sound", attempt)


def check_rate_range_test(
    rate_range_test: Callable[[nn.Module, Tensor, Tensor, list[float]], list[float]],
) -> None:
    """Try the learner's `rate_range_test(model, features, labels, rates)` against steps worked out one by one."""

    def attempt() -> str | None:
        rng = generator("exercise: rate range test", 0)
        features = torch.from_numpy(rng.standard_normal((40, 3)))
        labels = (features.sum(dim=1) + torch.from_numpy(rng.standard_normal(40)) > 0).double()
        rates = [0.01, 0.1, 1.0, 10.0, 100.0, 0.5]
        model = MLP((8,)).build(3, seed=0)
        before = [values.detach().clone() for values in model.parameters()]
        answer: object = rate_range_test(model, features, labels, rates)
        if any(not torch.equal(values, old) for values, old in zip(model.parameters(), before, strict=True)):
            return "it changed the weights of the model that it was given; train a deepcopy"
        if not isinstance(answer, list) or not all(isinstance(value, float) for value in answer):
            return "it returned something else than a list of floats; `loss.item()` makes a loss a float"
        if len(answer) != len(rates):
            return f"it returned {len(answer)} losses for {len(rates)} rates; expected one for each"

        def gives(right: list[float]) -> bool:
            return bool(np.allclose(answer, right, rtol=1e-6, atol=1e-9))

        losses = _losses_by_step(model, features, labels, rates)
        if gives(losses[:-1]):
            flat = nn.Sequential(model, nn.Flatten(0))
            try:
                same = np.allclose(rate_range_test(flat, features, labels, rates), losses[:-1])
            except (IndexError, RuntimeError, ValueError):
                same = False
            return None if same else "it fails for outputs of shape [rows]; reshape(-1) makes both shapes alike"
        if gives(losses[1:]):
            return "it returns each loss after the step; expected the loss before it, which needs no second look"
        if gives(_losses_by_step(model, features, labels, rates[:1] * len(rates))[:-1]):
            return 'it takes every step at the first rate; set optimizer.param_groups[0]["lr"] before each step'
        if gives([losses[0]] * len(rates)):
            return "it starts each rate from the first weights, or takes no step; go on with the same copy"
        if gives([_losses_by_step(model, features, labels, [rate])[1] for rate in rates]):
            return "it starts each rate from the first weights; the test goes on with the same copy"
        if gives(_losses_by_step(model, features, labels, rates, forget=False)[:-1]):
            return "it adds up the gradients of all steps; call zero_grad() before each backward()"
        step = next(i for i, (one, two) in enumerate(zip(answer, losses, strict=False)) if not np.isclose(one, two))
        return (
            f"the loss before step {step + 1} is {answer[step]:.3f}, expected {losses[step]:.3f} with the mean BCE of "
            "the logits over all rows and torch.optim.SGD without momentum"
        )

    _report("rate_range_test", attempt)


def _losses_by_step(
    model: nn.Module, features: Tensor, labels: Tensor, rates: list[float], forget: bool = True
) -> list[float]:
    """Return the loss before each step of plain gradient descent, one step at each rate, and after the last."""
    model = deepcopy(model)
    losses = []
    for rate in [*rates, 0.0]:
        if forget:
            model.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(features).reshape(-1), labels)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for values in model.parameters():
                assert values.grad is not None
                values.sub_(values.grad, alpha=rate)
    return losses


def check_kept_epoch(kept_epoch: Callable[[list[float], int], int]) -> None:
    """Try the learner's `kept_epoch(validation_losses, patience)` on losses whose answer is known."""

    def attempt() -> str | None:
        cases = [
            ([0.6, 0.5, 0.4, 0.5, 0.6, 0.7], 2, 3),  # falls, then rises
            ([0.6, 0.4, 0.5, 0.6, 0.3], 2, 2),  # the best comes after the end
            ([0.6, 0.4, 0.5, 0.3, 0.5, 0.6], 2, 4),  # one bad epoch is not yet two
            ([0.5, 0.4, 0.6, 0.5, 0.45, 0.3], 3, 2),  # better than the epoch before is not better than the best
            ([0.6, 0.5, 0.5, 0.5, 0.4], 2, 2),  # an equal loss is no gain
            ([0.6, 0.65, 0.5, 0.55, 0.4, 0.5, 0.6, 0.7], 2, 5),  # bad epochs with a gain between them
            ([0.6, 0.4, 0.5, 0.6, 0.3, 0.4, 0.5, 0.2], 2, 2),  # the end comes before either of two better ones
            ([0.6, 0.5, 0.4], 2, 3),  # there are no more epochs
            ([0.9], 1, 1),
        ]
        answers: list[object] = [kept_epoch(list(losses), patience) for losses, patience, _ in cases]
        for answer in answers:
            if isinstance(answer, bool) or not isinstance(answer, int):
                return f"it returned {type(answer).__name__}; expected an integer"
        expected = [right for _, _, right in cases]
        if answers == expected:
            return None

        def gives(rule: Callable[[list[float], int], int]) -> bool:
            return answers == [rule(losses, patience) for losses, patience, _ in cases]

        if answers == [right - 1 for right in expected]:
            return "it counts epochs from 0; the first epoch is 1"
        if gives(lambda losses, patience: losses.index(min(losses)) + 1):
            return "it looks at losses that come after training has ended; stop when patience has run out"
        if gives(_stopping_epoch):
            return "it returns the epoch at which training ends; expected the one with the best loss before that"
        if gives(lambda losses, patience: _kept_epoch(losses, patience + 1)):
            return "it waits one epoch too long; training ends when `patience` epochs in a row have brought no gain"
        if gives(lambda losses, patience: _kept_epoch(losses, max(patience - 1, 1))):
            return "it stops one epoch too early; it takes `patience` epochs in a row without gain"
        if gives(lambda losses, patience: _kept_epoch(losses, patience, ties=True)):
            return "it takes an equal loss for a gain; only a loss below the best so far is one"
        (losses, patience, right), answer = next(
            (case, answer) for case, answer in zip(cases, answers, strict=True) if answer != case[2]
        )
        return (
            f"with losses {losses} and patience {patience} it returns {answer}, expected {right}; is each loss "
            "compared with the best so far, not with the one before"
        )

    _report("kept_epoch", attempt)


def _kept_epoch(losses: list[float], patience: int, ties: bool = False) -> int:
    """Return the epoch that early stopping keeps, equal losses counting as a gain if `ties`."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best] or (ties and loss == losses[best]):
            best = epoch
        elif epoch - best >= patience:
            break
    return best + 1


def _stopping_epoch(losses: list[float], patience: int) -> int:
    """Return the epoch at which early stopping ends the training."""
    return min(_kept_epoch(losses, patience) + patience, len(losses))


def check_largest_stable_rate(largest_stable_rate: Callable[[Tensor], float]) -> None:
    """Try the learner's `largest_stable_rate(features)` on small tables whose curvature is known."""

    def attempt() -> str | None:
        rng = generator("exercise: largest stable rate", 0)
        tables = [torch.from_numpy(rng.standard_normal((rows, 3)) * (1.0, 5.0, 0.2) + 2.0) for rows in (40, 100)]
        before = [features.clone() for features in tables]
        answers = []
        for features in tables:
            answer: object = largest_stable_rate(features)
            if isinstance(answer, bool) or not isinstance(answer, int | float):
                return f"it returned {type(answer).__name__}; expected a number (`.item()` makes one of a tensor)"
            answers.append(float(answer))
        if any(not torch.equal(features, copy) for features, copy in zip(tables, before, strict=True)):
            return "it changed the features that it was given; work on a copy"

        def gives(right: Callable[[Tensor], Tensor]) -> bool:
            pairs = zip(answers, tables, strict=True)
            return all(abs(answer / right(features) - 1) < 1e-6 for answer, features in pairs)

        def eigenvalues(features: Tensor, bias: bool = True) -> Tensor:
            ones = [torch.ones(len(features), 1, dtype=features.dtype)] if bias else []
            design = torch.hstack([features, *ones])
            return torch.linalg.eigvalsh(design.T @ design / (4 * len(design)))

        for right, problem in (
            (lambda x: 2 / eigenvalues(x)[-1], None),
            (lambda x: 2 / eigenvalues(x, bias=False)[-1], "it leaves out the bias; append a column of ones"),
            (lambda x: 2 / eigenvalues(x)[0], "it takes the smallest eigenvalue; the steepest direction sets the rate"),
            (lambda x: 1 / eigenvalues(x)[-1], "that is 1 / λ, the quickest rate; the edge of stability is 2 / λ"),
            (lambda x: eigenvalues(x)[-1], "that is λ itself; the largest stable rate is 2 / λ"),
            (lambda x: 0.5 / eigenvalues(x)[-1], "it leaves out p (1 - p), which is at most 1/4"),
            (lambda x: 2 / eigenvalues(x)[-1] / len(x), "it leaves out the division by the number of rows"),
            (lambda x: 0.5 / eigenvalues(x)[-1] / len(x),
             "it leaves out the division by four times the number of rows"),
        ):  # fmt: skip
            if gives(right):
                return problem
        expected = float(2 / eigenvalues(tables[0])[-1])
        return f"for a table of 40 rows it returned {answers[0]:.3g}; expected {expected:.3g}"

    _report("largest_stable_rate", attempt)


@dataclass(frozen=True)
class Sealed:
    """A training with a fault, as the learner gets it: what went in, what came out, nothing about the fault.

    Features have the shape [rows, columns], labels [rows, 1]; losses holds the loss of every step. A row is called
    positive if the sigmoid of the model's output is above 0.5.
    """

    number: int
    model: nn.Module
    loss_of: Callable[[Tensor, Tensor], Tensor]
    features: Tensor
    labels: Tensor
    test_features: Tensor
    test_labels: Tensor
    losses: tuple[float, ...]
    accuracy: float

    def __repr__(self) -> str:
        first, last = np.mean(self.losses[:10]), np.mean(self.losses[-10:])
        return (
            f"sealed training {self.number}: loss {first:.2f} → {last:.2f} in {len(self.losses)} steps, accuracy "
            f"{self.accuracy:.2f} on {len(self.test_labels)} test rows, {self.test_labels.mean():.0%} of them positive"
        )


def sealed_training(number: int) -> Sealed:
    """Train on loans of a bank with one of three faults, and return all but its name.

    To solve it, read on only afterwards: the lines below are the fault.
    """
    if number not in _SEALED:
        raise ValueError(f"number is {number!r}; expected 1, 2 or 3")
    task = Resplits(load("credit_data"))
    split, other = task.split(0), Resplits(task.dataset, scaler=None).split(0)
    features, labels = split.train.features[:600], split.train.labels[:600].unsqueeze(1)
    tests, truth = split.test.features[:300], split.test.labels[:300].unsqueeze(1)
    model = MLP((32,)).build(features.shape[1], seed=0)
    if number == 1:
        model = nn.Sequential(model, nn.Sigmoid())
    elif number == 2:
        labels = labels.roll(1, dims=0)
    else:
        tests = other.test.features[:300]
    rng = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(12):  # epochs
        for rows in torch.randperm(len(features), generator=rng).split(60):
            optimizer.zero_grad()
            loss = functional.binary_cross_entropy_with_logits(model(features[rows]), labels[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    with torch.no_grad():
        accuracy = ((torch.sigmoid(model(tests)) > 0.5) == truth).double().mean().item()
    loss_of = functional.binary_cross_entropy_with_logits
    return Sealed(number, model, loss_of, features, labels, tests, truth, tuple(losses), accuracy)


# number: the cause, and what to measure
_SEALED = {
    1: ("double_sigmoid", "what is the smallest and what the largest output of the model"),
    2: ("labels_misaligned", "fit a logistic regression, once as it is and once with the labels moved by a row"),
    3: ("preprocess_mismatch", "where do the columns of the two tables lie, by mean and spread"),
}


def check_sealed(cause_of: Callable[[int], str]) -> None:
    """Compare the learner's `cause_of(number)` with the faults of the three sealed trainings."""

    def attempt() -> str | None:
        answers: dict[int, object] = {number: cause_of(number) for number in _SEALED}
        for number, answer in answers.items():
            if not isinstance(answer, str) or answer not in CAUSES:
                return f"for training {number} it returned {answer!r}; expected one of the names in CAUSES"
        wrong = [number for number, (cause, _) in _SEALED.items() if answers[number] != cause]
        if wrong:
            said, measure = answers[wrong[0]], _SEALED[wrong[0]][1]
            return f"{len(wrong)} of 3 are something else; training {wrong[0]} is not {said}: {measure}"
        return None

    _report("cause_of", attempt)
