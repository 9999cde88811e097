"""What learners write without PyTorch's classes: a network of plain tensors, and steps down the gradient."""

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor, nn
from torch.optim import SGD

from helpers.doctor.anatomy import Evaluation, Training
from helpers.doctor.record import Forward, Record, Step
from helpers.doctor.tape import Call, in_eval_mode, is_parameter, leading_to, made_from, replay

ROUNDING = 1e-6  # of the size of a parameter: what float32 may lose of its change
_UPDATES = {"sub", "add", "isub", "iadd", "copy", "addcdiv", "mul", "imul", "lerp", "div", "itruediv", "clamp",
            "renorm"}  # fmt: skip


class Plain(nn.Module):
    """The network that the lines of a training step apply without any module, as a module of the same tensors."""

    def __init__(self, step: Training) -> None:
        super().__init__()
        assert step.features is not None
        self._parameters |= {str(number): tensor for number, tensor in enumerate(step.parameters)}  # type: ignore[misc]
        self._calls, self._entry, self._sums = leading_to(step.since, step.sums), id(step.features), step.sums

    def forward(self, rows: Tensor) -> Tensor:
        """Return the last layer's sums for rows, by the learner's lines."""
        used = {id(tensor): tensor for tensor in self.parameters()}
        calls = self._calls if self.training else in_eval_mode(self._calls)
        return replay(calls, {**used, self._entry: rows}, self._sums)


def as_module(seen: Record, steps: list[Training]) -> tuple[list[Training], list[Evaluation]]:
    """Return steps without a module as those of a module, and the forward passes that no step used; the steps as they
    are, and none, if they do not all use the same tensors."""
    first = steps[0]
    used = {id(tensor) for tensor in first.parameters}
    alike = all(step.forward is None and {id(tensor) for tensor in step.parameters} == used for step in steps)
    if not alike or first.features is None or not seen.values or not used <= seen.values[0].keys():
        return steps, []
    model = Plain(first)
    seen.start[id(model)] = {name: seen.values[0][id(tensor)] for name, tensor in model.named_parameters()}
    return [_with(model, step) for step in steps], list(_evaluations(seen, model, steps))


def _with(model: Plain, step: Training) -> Training:
    inside = {id(call) for call in leading_to(step.since, step.sums)}
    forward = Forward(model, (step.features,), step.sums, True, 0, 0, where=step.layers[0].where)
    rest = [call for call in step.since if id(call) not in inside]
    return replace(step, forward=forward, modules=[model], rest=rest)


def _evaluations(seen: Record, model: Plain, steps: list[Training]) -> Iterator[Evaluation]:
    trained = {id(call) for step in steps for call in step.calls}
    entries, exits = _alike(seen.calls, steps[0].layers[0]), _alike(seen.calls, steps[0].layers[-1])
    for entry, until in zip(entries, [*entries[1:], len(seen.calls)], strict=True):
        end = next((place + 1 for place in exits if entry <= place < until), None)
        rows = next((value for value in seen.calls[entry].tensors if not is_parameter(value)), None)
        if id(seen.calls[entry]) in trained or end is None or rows is None:
            continue
        output = seen.calls[end - 1].results[0]
        forward = Forward(model, (rows,), output, False, entry, end, where=seen.calls[entry].where)
        calls = seen.calls[entry:end] + list(made_from(seen.calls[end:until], [output]))
        yield Evaluation(forward, calls, seen.calls[end:until])


def _alike(calls: list[Call], layer: Call) -> list[int]:
    """Return the places of the calls that apply the same parameters in the same way."""
    weights = {id(tensor) for tensor in layer.tensors if is_parameter(tensor)}
    return [
        place
        for place, call in enumerate(calls)
        if call.name == layer.name and weights & {id(tensor) for tensor in call.tensors}
    ]


def update(seen: Record) -> Call | None:
    """Return the call that changes a parameter, or its .data, in place after the first backward(), or that makes a new
    one from it or from its gradient; None without one."""
    mine = {id(tensor) for call in seen.calls for tensor in call.tensors if is_parameter(tensor)}
    for call in seen.calls[seen.backwards[0].end :]:
        if call.name in ("data", "detach") and any(id(tensor) in mine for tensor in call.tensors):
            mine |= {id(tensor) for tensor in call.results}
        in_place = getattr(call.function, "__name__", "").endswith("_")
        if in_place and call.name in _UPDATES and call.tensors and id(call.tensors[0]) in mine:
            return call
    old = [tensor for call in seen.calls[: seen.backwards[0].end] for tensor in call.tensors if is_parameter(tensor)]
    mine = {id(tensor) for tensor in old}
    gradients = [value for value in seen.backwards[0].gradients.values() if value is not None]
    for call in made_from(seen.calls[seen.backwards[0].end :], old + gradients):
        if any(is_parameter(tensor) and id(tensor) not in mine for tensor in call.results):
            return call
    return None


def steps_down(seen: Record) -> list[Step]:
    """Return the learner's own steps as those of an SGD; none if they go another way than down the gradient."""
    change = update(seen)
    if change is None or len(seen.values) < 2:
        return []
    before, after = seen.values
    made = seen.backwards[0].gradients
    gradients = {key: value for key, value in made.items() if value is not None and key in before and key in after}
    if not gradients:
        return []
    moved = {key: before[key] - after[key] for key in gradients}
    along = sum(float((moved[key] * gradients[key]).sum()) for key in gradients)
    rate = along / max(sum(float(value.square().sum()) for value in gradients.values()), 1e-30)
    for key, gradient in gradients.items():
        beside = float((moved[key] - rate * gradient).norm())
        if rate <= 0 or beside > 1e-3 * float(moved[key].norm()) + ROUNDING * float(before[key].norm()):
            return []
    held = [tensor for tensor in seen.parameters() if id(tensor) in gradients]
    optimizer = SGD(held, lr=rate)
    return [Step(optimizer, (rate,), change.where) for _ in seen.backwards]
