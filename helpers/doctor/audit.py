"""Whether the steps reach the parameters: coverage by the optimizer, gradients, modes, and what the rate does."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from helpers.doctor.anatomy import NORMS, RECURRENT, Evaluation, Training, line_of, modules_of
from helpers.doctor.by_hand import update
from helpers.doctor.contracts import NO_GRADIENT
from helpers.doctor.findings import Finding
from helpers.doctor.record import Record, any_gradient, held_by
from helpers.doctor.tape import is_parameter, leading_to, replay
from helpers.doctor.watch import STALE_STEPS

MONTE_CARLO = 8  # passes of the same rows through active dropout that are meant to be averaged
EARLY = 0.05  # of the first learning rate

LINEAR = {"linear", "addmm", "matmul", "mm", "conv1d", "conv2d", "conv3d"}  # calls
_STAYS_LINEAR = {"dropout", "batch_norm", "view", "reshape", "flatten", "squeeze", "unsqueeze", "T", "t", "transpose",
                 "permute", "contiguous", "to", "float", "double", "getitem", "cat", "stack", "pad", "add", "radd",
                 "mul", "mean", "sum", "avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d",
                 "adaptive_avg_pool2d"}  # fmt: skip
SATURATING = {"sigmoid", "tanh", "hardsigmoid", "hardtanh"}
_DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout)


def audit_steps(seen: Record) -> Iterator[Finding]:
    """Whether optimizer steps are taken, on fresh gradients."""
    first = seen.backwards[0]
    if not seen.steps and update(seen) is not None:
        later = seen.backwards[1 : STALE_STEPS + 1]
        if len(later) >= 2 and all(backward.stale for backward in later):
            yield _never_cleared(len(later), first.where)
        return
    if not seen.steps:
        yield Finding(
            "no_optimizer_step",
            "root",
            0.99,
            f"backward() was called {len(seen.backwards)} times, step() never",
            first.where,
            "call optimizer.step() after backward()",
        )
        return
    trains = any(any(change > 0 for change in step.changes.values()) for step in seen.steps[:4])
    kept = max(_kept_from_step_to_step(seen, key) for key in {id(step.optimizer) for step in seen.steps})
    if kept >= 2 and trains:
        yield _never_cleared(kept, first.where)
    last = {backward.step: backward for backward in seen.backwards[:8]}  # before each step
    wasted = [
        step
        for number, step in enumerate(seen.steps[:4])
        if step.gradients and not any_gradient(step.gradients.values()) and number in last
        and any_gradient(last[number].gradients.values())
    ]  # fmt: skip
    if len(wasted) >= 2:
        yield Finding(
            "no_optimizer_step",
            "root",
            0.95,
            "backward() gives gradients, but they are cleared before step() can use them",
            seen.steps[0].where,
            "call zero_grad() before backward(), not between backward() and step()",
        )


def without_backward(seen: Record) -> Iterator[Finding]:
    """Whether the optimizer is asked to step again and again, and nothing ever gives it a gradient."""
    for where, count in seen.empty_steps.most_common(1):
        if count >= 3:
            yield Finding(
                "no_optimizer_step",
                "root",
                0.98,
                f"step() was called {count} times, backward() never: no parameter has a gradient to step along",
                where,
                "call loss.backward() before optimizer.step()",
            )


def _kept_from_step_to_step(seen: Record, optimizer: int) -> int:
    """Return how many of this optimizer's steps left gradients for the next one, 0 if one did not."""
    ends = [number for number, step in enumerate(seen.steps[:STALE_STEPS]) if id(step.optimizer) == optimizer]
    left = []
    for end, next_end in pairwise([*ends, STALE_STEPS]):
        between = [optimizer in each.stale for each in seen.backwards if end < each.step <= next_end]
        left += [all(between)] if between else []  # of several backward() one that found none is enough
    return len(left) if all(left) else 0


def _never_cleared(count: int, where: str) -> Finding:
    return Finding(
        "no_zero_grad",
        "root",
        0.97,
        f"at each of {count} backward() calls after a step, the old gradients were still there and the new ones were "
        "added",
        where,
        "call optimizer.zero_grad() before backward()",
    )


def audit_parameters(seen: Record, steps: list[Training]) -> Iterator[Finding]:
    """Whether the optimizer holds what the model uses, and the gradient arrives there."""
    step = steps[0]
    used = step.parameters
    where = seen.steps[0].where if seen.steps else step.backward.where
    again = next((later for later in steps[1:] if later.backward.step > step.backward.step), None)
    if again is not None:
        renewed = [tensor for tensor in used if tensor.ndim > 1 and id(tensor) not in {id(t) for t in again.parameters}]
        by_hand = not seen.steps and update(seen) is not None  # as where new ones are made from the old and gradients
        if renewed and not by_hand and _layer_of(step, renewed[0]) == _layer_of(again, _like(again, renewed[0])):
            yield Finding(
                "layer_in_forward",
                "root",
                0.95,
                f"the weights of shape {tuple(renewed[0].shape)} are other ones in every step",
                _layer_of(step, renewed[0]),
                "make the layer in __init__",
            )
            return
    if not seen.steps:
        return
    held = {id(value) for value in held_by(each.optimizer for each in seen.steps)}
    trainable = [tensor for tensor in used if tensor.requires_grad or id(tensor) in step.backward.gradients]
    missing = [tensor for tensor in trainable if id(tensor) not in held]
    registered = {id(value) for forward in seen.forwards for value in forward.model.parameters()}
    if missing:
        numbers, total = sum(t.numel() for t in missing), sum(t.numel() for t in trainable)
        seen_text = f"of the {total:,} numbers that the model uses, {numbers:,} are not in the optimizer"
        line = _layer_of(step, missing[0])
        if seen.forwards and any(id(tensor) not in registered for tensor in missing):
            yield Finding(
                "unregistered_params",
                "root",
                0.95,
                f"{seen_text}, nor in model.parameters()",
                line,
                "hold layers in nn.ModuleList or nn.Sequential, not in a list or dict",
            )
        else:
            yield Finding(
                "optimizer_wrong_params",
                "root",
                0.95,
                seen_text,
                where,
                "make the optimizer after the model, from model.parameters()",
            )
        return
    frozen = [tensor for tensor in used if isinstance(tensor, nn.Parameter) and tensor not in set(trainable)]
    if frozen:
        numbers, total = sum(t.numel() for t in frozen), sum(t.numel() for t in used)
        if not any(t.ndim > 1 or _multiplies(step, t) for t in trainable):
            yield Finding(
                "frozen_params",
                "root",
                0.9,
                f"{numbers:,} of {total:,} numbers have requires_grad=False, among them every weight matrix",
                _layer_of(step, frozen[0]),
                "set requires_grad_(True) for what should train",
            )
        else:
            yield Finding(
                "frozen_params",
                "note",
                0.5,
                f"{numbers:,} of {total:,} numbers have requires_grad=False",
                _layer_of(step, frozen[0]),
                "nothing, if they are frozen on purpose",
            )
    yield from _cut_inside(seen, step, trainable)
    yield from _flat_inside(step)
    yield from _cut_between(seen, step, held)
    yield from _cut_in_time(step)
    yield from _frozen_later(steps)
    yield from _plain_weights(step)


def _multiplies(step: Training, vector: Tensor) -> bool:
    """Whether features of each row are multiplied by this vector and added up, as by the weights of a layer."""
    products = [call for call in step.calls if call.name in ("matmul", "mv", "linear", "dot")]
    return any(value is vector for call in products for value in call.tensors[:2])


def _layer_of(step: Training, parameter: Tensor | None) -> str:
    return next((call.where for call in step.calls if any(t is parameter for t in call.tensors)), step.backward.where)


def _like(step: Training, parameter: Tensor) -> Tensor | None:
    return next((tensor for tensor in step.parameters if tensor.shape == parameter.shape), None)


def _ever_reached(seen: Record) -> set[int]:
    """Return the ids of the parameters that some backward() gave a gradient, such as those of a network's opponent."""
    return {key for each in seen.backwards for key, gradient in each.gradients.items() if gradient is not None}


def _cut_inside(seen: Record, step: Training, trainable: list[Tensor]) -> Iterator[Finding]:
    """Whether a layer before the last gets no gradient because the graph is cut inside the model."""
    gradients = step.backward.gradients
    ever = _ever_reached(seen)
    without = [t for t in trainable if t.ndim > 1 and id(t) in gradients and id(t) not in ever]
    reached = [tensor for tensor in trainable if gradients.get(id(tensor)) is not None]
    cuts = [
        call
        for call in step.calls
        if call.name in ("detach", "data", "detach_")
        and any(is_parameter(t) is False and t.ndim > 1 for t in call.tensors)
    ]
    if without and reached:
        names = ", ".join(str(tuple(tensor.shape)) for tensor in without[:3])
        line = cuts[-1].where if cuts else _layer_of(step, without[-1])
        yield Finding(
            "graph_detached",
            "root",
            0.95,
            f"weights of shape {names} get no gradient at all from the loss",
            line,
            "take out .detach(), .data and no_grad between the layers",
        )


def _flat_inside(step: Training) -> Iterator[Finding]:
    """Whether layers before the last get a gradient of 0 because a call without a slope follows them."""
    gradients = step.backward.gradients
    for call in step.calls:
        if call.name not in NO_GRADIENT or not call.tensors or not call.tensors[0].requires_grad:
            continue
        before = leading_to(step.calls, call.tensors[0])
        weights = {id(t): t for one in before for t in one.tensors if is_parameter(t) and id(t) in gradients}
        if weights and not any_gradient(gradients[key] for key in weights) and any_gradient(gradients.values()):
            yield Finding(
                "nondifferentiable_output",
                "root",
                0.95,
                f"the gradient of `{call.name}` is 0 everywhere: {sum(t.numel() for t in weights.values()):,} numbers "
                "of the layers before it do not train",
                call.where,
                "a smooth function in its place, such as the sigmoid; round only to predict",
            )
            return


def _cut_in_time(step: Training) -> Iterator[Finding]:
    """Whether the state of a recurrent network is cut off the graph at every time step of one forward pass."""
    lines = Counter(
        call.where
        for call in step.calls
        if call.name in ("detach", "data")
        and call.tensors
        and call.tensors[0].requires_grad
        and not is_parameter(call.tensors[0])  # as load_state_dict does
    )
    where, count = lines.most_common(1)[0] if lines else ("", 0)
    if count >= 3:
        yield Finding(
            "graph_detached",
            "root",
            0.9,
            f"in one forward pass, {count} results that the loss depends on are cut off the graph at the same line: no "
            "time step learns what a later one needs from it",
            where,
            "leave the state as it is within a sequence; detach it between sequences, if at all",
        )


def _cut_between(seen: Record, step: Training, held: set[int]) -> Iterator[Finding]:
    """Whether weights that the optimizer is to train work in the step, but no gradient gets there."""
    if not step.calls or not step.backward.gradients:
        return
    used = {id(tensor) for tensor in step.parameters} | _ever_reached(seen)
    called = [forward for forward in seen.forwards if forward.end <= step.backward.end and forward.training]
    for forward in called:
        made = {id(tensor) for call in seen.calls[forward.start : forward.end] for tensor in call.tensors}
        mine = [value for value in forward.model.parameters() if id(value) in held and value.requires_grad]
        cut = [value for value in mine if id(value) not in used and id(value) in made]
        exits = [call for call in seen.calls[forward.start : step.backward.end] if call.name in _EXITS]
        exits = [call for call in exits if call.tensors and call.tensors[0].numel() >= step.rows]
        if cut and (exits or len(cut) == len(mine)):
            yield Finding(
                "graph_detached",
                "root",
                0.93,
                f"of {type(forward.model).__name__}, {sum(value.numel() for value in cut):,} numbers in the optimizer "
                "work in the step, but nothing that PyTorch can follow leads from there to the loss",
                exits[0].where if exits else step.backward.where,
                "stay in PyTorch from the features to the loss: no .detach(), .numpy(), .item() or .tolist()",
            )
            return


_EXITS = {"detach", "data", "numpy", "tolist", "item"}


def _frozen_later(steps: list[Training]) -> Iterator[Finding]:
    """Whether layers that trained in the first step no longer do so in the last one seen."""
    if steps[-1].backward.where != steps[0].backward.where:
        return  # another phase of the training
    gradients = steps[0].backward.gradients
    trained = {id(value) for value in steps[0].parameters if gradients.get(id(value)) is not None}
    for call in steps[-1].layers:
        lost = [value for value in call.tensors if id(value) in trained and not value.requires_grad]
        if lost and not call.results[0].requires_grad:
            yield Finding(
                "frozen_params",
                "root",
                0.9,
                f"weights of shape {tuple(lost[0].shape)} had a gradient in the first step and have "
                f"requires_grad=False in the {len(steps)}th",
                call.where,
                "evaluate under torch.no_grad(), which needs no requires_grad_(False)",
            )
            return


def _plain_weights(step: Training) -> Iterator[Finding]:
    """Whether a module multiplies by a tensor of its own that is no parameter."""
    if step.forward is None:
        return
    own = {
        id(value): name
        for module in step.forward.model.modules()
        for name, value in vars(module).items()
        if isinstance(value, Tensor) and not isinstance(value, nn.Parameter) and value.ndim == 2
    }
    for call in step.calls:
        for tensor in call.tensors:
            if (
                id(tensor) in own
                and call.name in ("matmul", "mm", "linear", "addmm", "rmatmul")
                and not tensor.requires_grad
            ):
                yield Finding(
                    "unregistered_params",
                    "root",
                    0.9,
                    f"`{own[id(tensor)]}` of shape {tuple(tensor.shape)} multiplies the data but is a plain tensor, "
                    "which no optimizer trains",
                    call.where,
                    f"self.{own[id(tensor)]} = nn.Parameter(…); register_buffer if it is to stay as it is",
                )
                return


def audit_modes(seen: Record, steps: list[Training], evaluations: list[Evaluation]) -> Iterator[Finding]:
    """Whether dropout and batch normalisation are in the right mode, in training and in evaluation."""
    forwards = [step.forward for step in steps if step.forward is not None]
    models = list({id(forward.model): forward.model for forward in forwards}.values())
    moody = [
        module for model in models for module in modules_of(model, *NORMS, *_DROPOUTS) if getattr(module, "p", 1) != 0
    ]
    ends = [backward.end for backward in seen.backwards]
    again = Counter(
        (value.sum().item(), value.shape, bisect(ends, one.forward.start))
        for one in evaluations
        for value in one.forward.tensors
    )
    averaged = max(again.values(), default=0) >= MONTE_CARLO  # the same rows, with no training in between
    if moody:
        kinds = ", ".join(sorted({type(module).__name__ for module in moody}))
        asleep = [forward for forward in forwards if not forward.training]
        if len(asleep) > len(forwards) / 2:
            yield Finding(
                "train_mode_missing",
                "root" if any(isinstance(m, NORMS) for m in moody) else "costs",
                0.9,
                f"{len(asleep)} of {len(forwards)} training steps seen ran in eval mode; the model has {kinds}",
                _line(steps, asleep[0]),
                "call model.train() before each epoch of training",
            )
        awake = [one for one in evaluations if one.forward.training]
        if awake and len(awake) == len(evaluations) and not averaged:
            yield Finding(
                "eval_mode_missing",
                "root",
                0.85,
                f"each of {len(awake)} forward passes outside training ran in training mode; the model has {kinds}",
                line_of(awake[0].calls),
                "call model.eval() before evaluating, model.train() afterwards",
            )
    for one in evaluations if not averaged else ():
        for call in one.calls:
            drops = call.name in ("dropout", "dropout1d", "dropout2d", "alpha_dropout") and call.argument(1, "p") != 0
            if drops and not one.forward.training and call.argument(2, "training") in (True, None):
                yield Finding(
                    "functional_dropout",
                    "root",
                    0.95,
                    "dropout is active in an evaluation in eval mode",
                    call.where,
                    "F.dropout(x, p, training=self.training), or nn.Dropout",
                )
                return
    usual = sorted(step.rows for step in steps)[len(steps) // 2]  # a last, smaller batch does little harm
    for step in steps if usual <= 2 else ():
        for call in step.calls:
            if call.name == "batch_norm" and call.tensors[0].ndim == 2 and len(call.tensors[0]) <= 2 and step.rows <= 2:
                yield Finding(
                    "batch_size_too_small",
                    "root",
                    0.8,
                    f"batch normalisation over {step.rows} rows at a time",
                    call.where,
                    "batches of 16 rows or more",
                )
                return


def _line(steps: list[Training], forward: object) -> str:
    return next(step.backward.where for step in steps if step.forward is forward)


def audit_rates(seen: Record) -> Iterator[Finding]:
    """Whether the schedule leaves a rate to learn with."""
    rates = [step.rates[0] for step in seen.steps if step.rates]
    if len(rates) < 10:
        return
    awake = [number for number, rate in enumerate(rates) if rate > 1e-3 * max(rates)]
    first, last = (awake[0], awake[-1] + 1) if awake else (len(rates), len(rates))
    if last < 0.5 * len(rates):
        yield Finding(
            "scheduler_misuse",
            "root",
            0.9,
            f"the learning rate falls from {max(rates):.2g} to {rates[last]:.2g} by step {last} of {len(rates)} and "
            "stays there",
            seen.steps[last].where,
            "let the scheduler step once an epoch, or fall more slowly",
        )
    elif first > 0.5 * len(rates):
        yield Finding(
            "scheduler_misuse",
            "root",
            0.9,
            f"the learning rate is {rates[0]:.2g} in the first {first} of {len(rates)} steps",
            seen.steps[0].where,
            "a warm-up of some hundredths of the steps; compute its factor by / and not by //",
        )
    elif len({id(step.optimizer) for step in seen.steps}) == 1 and rates == sorted(rates, reverse=True):
        early = sum(rate > EARLY * rates[0] for rate in rates)
        if early < 0.15 * len(rates):
            yield Finding(
                "scheduler_misuse",
                "costs",
                0.8,
                f"the learning rate falls from {rates[0]:.2g} to {rates[early]:.2g} by step {early} of {len(rates)}; "
                "nearly all the time, the network learns at less than a twentieth of its first rate",
                seen.steps[early].where,
                "let the scheduler step once an epoch, or fall more slowly",
            )


def linear_only(step: Training) -> Iterator[Finding]:
    """Whether two or more layers stand one behind the other without anything non-linear between them."""
    weighing = [call for call in step.layers if call.name != "batch_norm"]
    layers = [call for call in weighing if call.name in LINEAR]
    if len(layers) < 2 or len(layers) != len(weighing):
        return
    first, last = (next(i for i, call in enumerate(step.calls) if call is layer) for layer in (layers[0], layers[-1]))
    between = [call.name for call in step.calls[first : last + 1]]
    if set(between) <= LINEAR | _STAYS_LINEAR:
        yield Finding(
            "no_nonlinearity",
            "costs",
            0.8,
            f"{len(layers)} linear layers follow each other with no activation between them",
            layers[-1].where,
            "put nn.ReLU() between the layers",
        )


def gradients_vanish(step: Training) -> Iterator[Finding]:
    """Whether the gradient of the first layer is negligible beside that of the last, at the start."""
    weights = [next(t for t in call.tensors if is_parameter(t)) for call in step.layers]
    weights = [weight for weight in weights if weight.ndim > 1]
    gradients = [step.backward.gradients.get(id(weight)) for weight in weights]
    sizes = [
        float(torch.linalg.vector_norm(g)) / max(float(torch.linalg.vector_norm(w)), 1e-30)
        for g, w in zip(gradients, weights, strict=True)
        if g is not None
    ]
    if len(sizes) >= 4 and sizes[-1] > 0 and sizes[0] < 1e-3 * sizes[-1]:
        saturating = [call.name for call in step.calls if call.name in SATURATING]
        if len(saturating) >= 3:
            yield Finding(
                "vanishing_gradients",
                "root",
                0.85,
                f"relative to the weights, the first layer's gradient is "
                f"{sizes[0] / sizes[-1]:.0e} of the last's, through {len(saturating)} × {saturating[0]}",
                step.layers[0].where,
                "ReLU instead of sigmoid or tanh, fewer layers, or skip connections",
            )


def vanishes_in_time(step: Training) -> Iterator[Finding]:
    """Whether the answer of a recurrent network hardly depends on the first time steps, at the start."""
    uses = Counter(id(tensor) for call in step.layers for tensor in call.tensors if is_parameter(tensor))
    if not uses or (max(uses.values()) < 8 and not any(call.name in RECURRENT for call in step.since)):
        return
    made = [result for call in step.since if call.name == "embedding" for result in call.results]
    entries = [value for value in ([step.features] if step.features is not None else []) + made
               if value.is_floating_point() and value.ndim == 3 and step.rows in value.shape[:2]]  # fmt: skip
    if not entries:
        return
    axis = 0 if len(entries[0]) == step.rows else 1
    rows = entries[0].detach().clone().requires_grad_()
    with torch.random.fork_rng(devices=[]):
        sums = replay(step.since, {id(entries[0]): rows}, step.sums)
    pull = torch.autograd.grad(sums.sum(), rows)[0]
    sizes = pull.norm(dim=(axis, 2))
    ends = float(sizes[:3].max()), float(sizes[-3:].max())
    if len(sizes) >= 10 and min(ends) < 1e-4 * max(ends):
        yield Finding(
            "vanishing_gradients",
            "root",
            0.85,
            f"at the start, the answer depends on one end of the {len(sizes)} time steps {min(ends) / max(ends):.0e} "
            "times as much as on the other",
            step.layers[0].where,
            "LSTM or GRU, a mean over all time steps, or shorter sequences",
        )
