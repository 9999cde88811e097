"""Trains the learner's model again, on the batches seen and through the learner's own loss, with one change."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite, nan
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import LBFGS, Optimizer

from helpers.doctor.anatomy import Training, modules_of
from helpers.doctor.budget import NoRerun, check_time
from helpers.doctor.tables import binary, inputs_in
from helpers.doctor.tape import Call, made_from, replay

ORDERS = 3  # of the batches, in which a change has to help


@dataclass(frozen=True)
class Arm:
    """How to train again. plain_loss: by the cross entropy of the last layer's sums in the place of the learner's loss.
    clears, steps: whether zero_grad() and step() are called. rates: the learning rate of each step. parameters: what
    the optimizer holds in the place of the learner's choice. path: what to make of the calls of the forward pass.
    """

    plain_loss: bool = False
    clears: bool = True
    steps: bool = True
    rates: Sequence[float] | None = None
    parameters: Sequence[Tensor] | None = None
    path: Callable[[list[Call]], list[Call]] = lambda calls: calls


class Retraining:
    """The learner's training, ready to be run again from its start.

    Raises ValueError if what was seen does not suffice, with the reason.
    """

    def __init__(
        self, steps: list[Training], starts: dict[int, dict[str, Tensor]], optimizer: Optimizer | None
    ) -> None:
        template = steps[0]
        if optimizer is None:
            raise ValueError("no optimizer was seen")
        if template.forward is None or template.targets is None or template.features is None:
            raise ValueError("the training is not a module's forward pass with labels that can be told apart")
        if template.more_of_rows:
            raise ValueError("the outputs depend on more of each row than what enters the model")
        self.template, self.optimizer = template, optimizer
        self.output = template.output
        # one module from the features to the output, or several with the learner's lines between them
        modules = [template.forward.model] if self.output is not None else template.modules
        self.model: nn.Module = modules[0] if len(modules) == 1 else nn.ModuleList(modules)
        prefixes = [""] if len(modules) == 1 else [f"{number}." for number in range(len(modules))]
        self.start = {
            prefix + name: value
            for prefix, module in zip(prefixes, modules, strict=True)
            for name, value in starts.get(id(module), {}).items()
        }
        self.path = template.since
        if self.output is not None:  # what comes behind it may stand in the module, too
            behind = {id(call) for call in (*template.rest, *made_from(template.path, [self.output]))}
            self.path = [call for call in template.since if id(call) in behind]
        self.inputs = inputs_in(template)
        kind = self._kind(self.inputs, template.targets)
        seen = [(inputs_in(step), step.targets) for step in steps]
        self.batches = [
            (inputs, labels)
            for inputs, labels in seen
            if labels is not None and self._kind(inputs, labels) == kind
        ]
        if len(self.batches) < len(seen) / 2:
            raise ValueError("most batches are of another shape than the first, for which the lines were run")
        if len({value for _, labels in self.batches for value in labels.double().unique().tolist()}) < 2:
            raise ValueError("the batches hold one class alone")
        owned = {id(parameter) for parameter in self.model.parameters()}
        held = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        self.held = [parameter for parameter in held if id(parameter) in owned]
        self.foreign = len(self.held) < len(held)

    def _kind(self, inputs: list[Tensor], labels: Tensor) -> list[Any]:
        """Return what must be the same of all batches to be trained on. A model that is called again takes sequences of
        any length that it took before, unless it gets more than rows."""
        assert self.template.forward is not None
        if self.output is None or len(self.template.forward.tensors) > len(self.inputs):
            return [value.shape for value in (*inputs, labels)]
        return [*(value.ndim for value in inputs), labels.shape]

    def run(
        self,
        count: int,
        order: int = 0,
        *,
        rate: float = 1.0,
        prepare: Callable[[list[Tensor]], list[Tensor]] = lambda inputs: inputs,
        settings: dict[str, float] | None = None,
        renew: bool = False,
        thaw: bool = False,
        without_dropout: bool = False,
        without_penalty: bool = False,
        afterwards: Callable[[], None] = lambda: None,
    ) -> list[float]:
        """Return the loss of each of `count` steps, of fewer if one is no number.

        order: the seed of the order of the batches. rate: factor on the learning rate. prepare: applied to the tensors
        that the rows stand in. settings: other settings of the optimizer. renew: whether to start from PyTorch's own
        initial weights. thaw: whether to train frozen parameters, too. without_penalty: whether to leave out what is
        added to the loss for the parameters alone. afterwards: called while the model is as the steps left it.

        Raises OutOfTime if the time does not suffice, and NoRerun if parameters outside the model would change.
        """
        if self.foreign:
            raise NoRerun("the optimizer holds parameters outside the model, which they would change")
        with self._restarted(order):
            if renew:
                _renew(self.model)
            self.model.train()
            if without_dropout:
                for module in modules_of(self.model, nn.Dropout):
                    module.eval()
            frozen = [parameter for parameter in self.model.parameters() if thaw and not parameter.requires_grad]
            for parameter in frozen:
                parameter.requires_grad_(True)
            optimizer = self._optimizer(rate, settings or {}, frozen)
            penalties = self.template.penalties if without_penalty else []
            fixed = {id(penalty): torch.zeros_like(penalty) for penalty in penalties}
            # calls that work on parameters are made again, too
            fixed |= {} if penalties else {id(parameter): parameter for parameter in self.model.parameters()}

            def loss_of(inputs: list[Tensor], labels: Tensor) -> Tensor:
                given = {**fixed, id(self.template.targets): labels}
                if self.output is not None:
                    given[id(self.output)] = self.template.answer(self.model, prepare(inputs))
                else:
                    given |= {id(old): new for old, new in zip(self.inputs, prepare(inputs), strict=True)}
                return replay(self.path, given, self.template.backward.loss)

            losses: list[float] = []
            for inputs, labels in self._drawn(count):
                loss = _stepped(optimizer, partial(loss_of, inputs, labels))
                losses.append(-loss if self.template.maximised else loss)
                if not isfinite(loss):
                    break
            afterwards()
        return losses

    def misranked(self, count: int, order: int, arm: Arm) -> list[float]:
        """Return, for each of `count` steps, the share of the pairs of a batch's rows, one of each class, that the last
        layer's sums rank wrongly; NaN for a batch of one class.

        order: the seed of the order of the batches. Raises OutOfTime if the time does not suffice.
        """
        if self.foreign and arm.parameters is None:
            arm = replace(arm, parameters=self.held, steps=bool(self.held))
        step, path = self.template, arm.path(self.template.since)
        used = {id(tensor): tensor for tensor in step.parameters}
        outside = [(tensor, tensor.detach().clone(), tensor.grad) for tensor in used.values()]
        with self._restarted(order):
            optimizer = self._optimizer(1.0, {}, [], arm.parameters if arm.steps else list(used.values()))
            for tensor in used.values():
                tensor.grad = None
            shares: list[float] = []
            try:
                for number, (inputs, labels) in enumerate(self._drawn(count)):
                    rows = {id(old): new for old, new in zip(self.inputs, inputs, strict=True)}
                    given = {**used, **rows, id(step.targets): labels}
                    sums = replay(path, given, step.sums)
                    truth = torch.from_numpy(binary(labels))
                    shares.append(_misranked(sums.detach(), truth))
                    if arm.plain_loss:
                        loss = _cross_entropy(sums, truth)
                    else:
                        loss = replay(step.path, {id(step.sums): sums, id(step.targets): labels}, step.backward.loss)
                    for tensor in used.values() if arm.clears else ():
                        tensor.grad = None
                    if loss.requires_grad:
                        loss.backward()
                    if arm.rates:
                        for group in optimizer.param_groups:
                            group["lr"] = arm.rates[min(number, len(arm.rates) - 1)]
                    if arm.steps:
                        optimizer.step()
            finally:
                with torch.no_grad():
                    for tensor, value, gradient in outside:
                        tensor.copy_(value)
                        tensor.grad = gradient
        return shares

    @contextmanager
    def _restarted(self, order: int) -> Iterator[None]:
        """Put the model back to its start, with this seed for the order of the batches; afterwards all is as it was."""
        with kept(self.model), torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.manual_seed(order)
            self.model.load_state_dict(self.start, strict=False)
            yield

    def _drawn(self, count: int) -> Iterator[tuple[list[Tensor], Tensor]]:
        """Yield so many batches, in shuffled passes over those seen. Raises OutOfTime once no time is left."""
        left: list[int] = []
        for _ in range(count):
            left = left or torch.randperm(len(self.batches)).tolist()
            yield self.batches[left.pop()]
            check_time()

    def _optimizer(
        self,
        rate: float,
        settings: dict[str, float],
        more: Sequence[Tensor],
        instead: Sequence[Tensor] | None = None,
    ) -> Optimizer:
        groups: list[dict[str, Any]] = []
        for group in self.optimizer.param_groups:
            given = {key: value for key, value in group.items() if key != "initial_lr"}
            groups.append(given | {"lr": usual_rate(group) * rate} | settings)
        if instead is not None:
            groups = [{**groups[0], "params": list(instead)}]
        held = {id(parameter) for group in groups for parameter in group["params"]}
        missing = [parameter for parameter in more if id(parameter) not in held]
        if missing:
            groups.append({**groups[0], "params": missing})
        return type(self.optimizer)(groups, lr=groups[0]["lr"])  # type: ignore[call-arg]


def usual_rate(group: dict[str, Any]) -> float:
    """Return the rate at which re-runs train a group of parameters, without a schedule: about the mean of one cycle,
    else what the schedule begins with."""
    return float(group["max_lr"] / 2 if "max_lr" in group else group.get("initial_lr", group["lr"]))


def _stepped(optimizer: Optimizer, loss_of: Callable[[], Tensor]) -> float:
    """Take a step down the loss, and return what it was before, NaN where BCELoss raises an error for outputs that are
    no numbers."""

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        return loss

    try:
        if isinstance(optimizer, LBFGS):  # which asks several times
            return float(optimizer.step(closure).detach())
        loss = float(closure().detach())
    except RuntimeError as error:
        if "between 0 and 1" in str(error):
            return nan
        raise
    optimizer.step()
    return loss


def _renew(model: nn.Module) -> None:
    """Draw initial weights as PyTorch does, those of matrices that are no layer's as for `rows @ matrix`."""
    for module in model.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()  # type: ignore[operator]
            continue
        for parameter in module.parameters(recurse=False):
            if parameter.ndim == 2:
                nn.init.uniform_(parameter, -(len(parameter) ** -0.5), len(parameter) ** -0.5)


def _misranked(sums: Tensor, labels: Tensor) -> float:
    scores = sums[:, 1] - sums[:, 0] if sums.ndim == 2 and sums.shape[1] == 2 else sums.reshape(len(labels), -1)[:, 0]
    ahead = scores[labels == 1][:, None] - scores[labels == 0][None]
    return float((ahead < 0).double().mean() + 0.5 * (ahead == 0).double().mean())


def _cross_entropy(sums: Tensor, labels: Tensor) -> Tensor:
    if sums.ndim == 2 and sums.shape[1] == 2:
        return nn.functional.cross_entropy(sums, labels)
    return nn.functional.binary_cross_entropy_with_logits(sums.reshape(-1), labels.to(sums.dtype))


@contextmanager
def kept(model: nn.Module) -> Iterator[None]:
    """Put the model back as it is now: values, gradients and modes."""
    values = {name: value.clone() for name, value in model.state_dict().items() if isinstance(value, Tensor)}
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    modes = [(module, module.training) for module in model.modules()]
    trained = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    for parameter, _ in gradients:
        parameter.grad = None
    try:
        yield
    finally:
        with torch.no_grad():
            for name, value in model.state_dict().items():
                if name in values:
                    value.copy_(values[name])
        for parameter, gradient in gradients:
            parameter.grad = gradient
        for module, mode in modes:
            module.training = mode
        for parameter, requires in trained:
            parameter.requires_grad_(requires)
