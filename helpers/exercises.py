"""The checks of the lessons' exercises: each tries the learner's function and says in one sentence what it found."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

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
        for miss, alarm in ((1.0, 1.0), (9.0, 1.0), (1.0, 4.0), (90.0, 10.0), (5.0, 0.0)):
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
