"""What the loss and the prediction promise: tested on the learner's own lines, replayed with made-up outputs.

Made-up and moderate, because real outputs may be so large that a healthy sigmoid rounds to 1 and has no gradient.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from scipy.special import logit
from torch import Tensor

from helpers.doctor.anatomy import LOSSES, Evaluation, Training
from helpers.doctor.findings import Finding
from helpers.doctor.tape import Call, has_parameters, leading_to, made_from, replay

NO_GRADIENT = {"round", "floor", "ceil", "sign", "argmax", "argmin", "gt", "ge", "lt", "le", "eq", "heaviside", "trunc"}
CUTS = {"detach", "data", "detach_"}
THRESHOLDS = {"gt", "ge", "lt", "le", "greater", "greater_equal", "less", "less_equal"}
DECISIONS = THRESHOLDS | NO_GRADIENT
SQUASHING = {"sigmoid", "softmax", "log_softmax", "logsigmoid", "exp", "expit", "softplus", "tanh", "erf", "logsumexp"}
CLAMPS = {"clamp", "clip", "clamp_min", "clamp_max", "hardtanh", "relu6", "hardsigmoid", "nan_to_num"}


def loss_contract(step: Training) -> Iterator[Finding]:
    """What the loss promises: a right answer costs less than a wrong one, row by row."""
    yield from _wiring(step)
    yield from _shapes(step)
    yield from _labels(step)


def _wiring(step: Training) -> Iterator[Finding]:
    names, loss, where = step.names, step.loss, step.backward.where
    loss_line = loss.where if loss is not None else where
    takes = LOSSES[loss.name] if loss is not None else "unknown"
    sigmoids = [call for call in step.path if call.name == "sigmoid"]
    softmaxes = [call for call in step.path if call.name in ("softmax", "log_softmax")]
    for call in step.path:
        if call.name in CUTS and _is_cut(step):
            yield Finding(
                "graph_detached",
                "root",
                0.95,
                f"`{call.name}` stands between the output and the loss",
                call.where,
                "leave the output of the model as it is before the loss",
            )
        if call.name in NO_GRADIENT and _is_cut(step):
            yield Finding(
                "nondifferentiable_output",
                "root",
                0.97,
                f"`{call.name}` stands between the output and the loss, and its gradient is 0 everywhere",
                call.where,
                "give the loss the raw outputs; round only to predict",
            )
    end = loss.argument(0, "input") if loss is not None else sigmoids[-1].results[0] if sigmoids else step.sums
    before = leading_to(step.path, end)  # beside which a second term of the loss may stand
    if sigmoids and len([call for call in sigmoids if call in before]) + (takes == "logits") >= 2:
        yield Finding(
            "double_sigmoid", "root", 0.97, _floor(step), sigmoids[-1].where, "drop the model's sigmoid, or use BCELoss"
        )
    elif sigmoids and _two_floors(step):
        yield Finding("double_sigmoid", "root", 0.95, _floor(step), sigmoids[0].where, "drop one of the two sigmoids")
    for call in softmaxes:
        dimension, shape = _dimension(call), call.tensors[0].shape
        width = shape[dimension] if shape else 1
        classes_first = len(shape) == 2 and shape[0] == 2 < shape[1]
        if len(shape) == 2 and dimension % 2 == 0 and shape[0] == step.rows > 1 and not classes_first:
            yield Finding(
                "softmax_wrong_dim",
                "root",
                0.97,
                f"softmax runs over dimension 0, the {step.rows} rows of the batch",
                call.where,
                "softmax(dim=1), or none before CrossEntropyLoss",
            )
        elif width == 1:
            yield Finding(
                "softmax_single_output",
                "root",
                0.99,
                "softmax over one column: every output is exactly 1",
                call.where,
                "drop the softmax and use BCEWithLogitsLoss",
            )
        elif takes == "class logits" and call.name == "softmax":
            yield Finding(
                "softmax_before_ce",
                "root",
                0.95,
                f"`{loss.name if loss else 'the loss'}` applies log_softmax itself; with softmax before it, "
                "the loss can't fall below 0.313",
                call.where,
                "give the loss the raw outputs",
            )
    if loss is None:
        logarithm = next((number for number, name in enumerate(names) if name in ("log", "log1p", "log2")), None)
        if logarithm is not None and not SQUASHING & set(names[:logarithm]):
            yield Finding(
                "bce_on_logits",
                "root",
                0.93,
                f"`{names[logarithm]}` is taken of raw outputs, which are no probabilities and may lie below 0",
                step.path[logarithm].where,
                "BCEWithLogitsLoss on the raw outputs",
            )
        return
    given = loss.argument(0, "input")
    if loss.name == "cross_entropy" and (given.ndim == 1 or given.shape[1] == 1):
        yield Finding(
            "ce_single_output",
            "root",
            0.98,
            f"cross_entropy gets outputs of shape {tuple(given.shape)}: one class has probability 1, "
            "whatever the output",
            loss_line,
            "two outputs, or one output and BCEWithLogitsLoss",
        )
    add_up = given.ndim > 1 and bool(((given.detach().exp().sum(dim=1) - 1).abs() < 1e-3).all())
    if loss.name == "nll_loss" and not add_up and not {"log_softmax", "log", "logsigmoid"} & set(names):
        yield Finding(
            "nll_on_probabilities",
            "root",
            0.97,
            "nll_loss takes log probabilities; there is no log_softmax before it",
            loss_line,
            "CrossEntropyLoss on the raw outputs",
        )
    if loss.name == "binary_cross_entropy" and not sigmoids and not softmaxes and not _squashes(step, given):
        clamped = [name for name in names if name in CLAMPS]
        seen = f"`{clamped[0]}` cuts them off there" if clamped else "nothing keeps them between 0 and 1"
        yield Finding(
            "bce_on_logits",
            "root",
            0.95,
            f"BCELoss takes probabilities; the outputs are raw, {seen}",
            loss_line,
            "BCEWithLogitsLoss on the raw outputs",
        )
    relus = [call for call in step.path if call.name in ("relu", "relu_", "relu6", "abs", "square", "softplus")]
    if relus and relus[0].tensors[0] is step.sums and takes in ("logits", "probabilities", "class logits"):
        yield Finding(
            "relu_on_output",
            "root",
            0.95,
            f"`{relus[0].name}` follows the last layer: no output is below 0",
            relus[0].where,
            "drop the activation after the last layer",
        )


def _is_cut(step: Training) -> bool:
    """Whether no gradient gets from the loss to the output, so that a call without gradient is in the way."""
    try:
        sums = step.sums.detach().clone().requires_grad_()
        gradient = torch.autograd.grad(step.loss_of(sums), sums, allow_unused=True)[0]
    except RuntimeError:
        return True
    return gradient is None or not bool(gradient.any())


def _dimension(call: Call) -> int:
    dimension = call.argument(1, "dim")
    tensor = call.tensors[0]
    return int(dimension) if dimension is not None else (1 if tensor.ndim == 2 else 0)


def _over_rows(call: Call) -> bool:
    """Whether a softmax runs over the rows of outputs of shape [rows, classes]."""
    shape = call.tensors[0].shape
    return len(shape) == 2 and shape[0] > 1 and shape[1] <= 2 and _dimension(call) % 2 == 0


def _enters_a_layer(calls: list[Call], call: Call) -> bool:
    """Whether what a call gives enters a layer with parameters in one of these calls, as weights of an attention do."""
    return any(map(has_parameters, made_from(calls, call.results)))


def _divides_columns(call: Call) -> bool:
    """Whether outputs of shape [rows, 2] are divided by one number for each column."""
    shapes = [tuple(tensor.shape) for tensor in call.tensors]
    return len(shapes) == 2 and len(shapes[0]) == 2 and shapes[0][0] > 1 and shapes[1] in ((1, 2), (2,))


def _squashes(step: Training, given: Tensor) -> bool:
    """Whether the lines before the loss turn outputs smoothly into probabilities, as a sigmoid by hand does."""
    values = []
    for level in (-4.0, -1.0, 0.0, 1.0, 4.0):
        try:
            values.append(float(replay(step.path, {id(step.sums): torch.full_like(step.sums, level)}, given).mean()))
        except (KeyError, RuntimeError):
            return False
    rising = all(low < high for low, high in pairwise(values))
    return rising and values[0] > 0 and values[-1] < 1


def answers(step: Training, size: float, right: bool = True) -> Tensor | None:
    """Return outputs that give every row the right, or the wrong, answer with log odds of ± size; None if unclear."""
    labels = step.targets
    if labels is None or step.columns > 2 or labels.numel() < step.rows:
        return None
    if step.sums.numel() != step.rows * step.columns:
        return None  # several for each row, as for the parts of a bag
    if labels.ndim == 2 and labels.shape[1] == 2:
        positive = labels[:, 1] > labels[:, 0]
    elif labels.numel() == step.rows:
        positive = labels.reshape(-1) > labels.double().mean()
    else:
        return None
    sign = torch.where(positive, 1.0, -1.0).to(step.sums.dtype) * (size if right else -size)
    if step.columns == 2:
        return torch.stack([-sign / 2, sign / 2], dim=1)
    return sign.reshape(step.sums.shape)


def _mean_loss(step: Training, sums: Tensor) -> float:
    with torch.no_grad():
        return float(step.loss_of(sums).double().mean())


def _two_floors(step: Training) -> bool:
    """Whether sure and right answers cost what a second sigmoid makes them cost: 0.313 for yes, 0.693 for no."""
    sums = answers(step, 30.0)
    if sums is None or step.targets is None:
        return False
    share = float((step.targets.reshape(-1) > step.targets.double().mean()).double().mean())
    return abs(_mean_loss(step, sums) - (0.3133 * share + 0.6931 * (1 - share))) < 0.01


def _floor(step: Training) -> str:
    sums = answers(step, 30.0)
    seen = "two sigmoids stand between the last layer and the loss"
    if sums is None:
        return seen
    return f"{seen}; answers that are all right and sure still cost {_mean_loss(step, sums):.2f}"


def _shapes(step: Training) -> Iterator[Finding]:
    for call in step.path:
        shapes = [tuple(tensor.shape) for tensor in call.tensors if tensor.ndim > 0]
        rows = [shape for shape in shapes if shape in ((step.rows,), (step.rows, 1), (1, step.rows))]
        if (
            step.rows > 1
            and len(set(rows)) > 1
            and call.name not in ("cross_entropy", "nll_loss", "matmul", "view_as", "reshape_as", "expand_as")
        ):
            squares = [result for result in call.results if result.numel() == step.rows**2] or call.name in LOSSES
            if squares:
                yield Finding(
                    "shape_broadcast",
                    "root",
                    0.97,
                    f"`{call.name}` gets shapes {' and '.join(map(str, rows))}, which broadcast to "
                    f"({step.rows}, {step.rows})",
                    call.where,
                    "give both the same shape: squeeze(1) the outputs or unsqueeze(1) the targets",
                )
                return


UNSURE = 0.3  # of a target from 0 or 1: no smoothing of labels goes so far


def _labels(step: Training) -> Iterator[Finding]:
    labels, loss = step.targets, step.loss
    if labels is None or (labels.ndim == 2 and labels.shape[1] == 2):
        return
    values = sorted(labels[~labels.isnan()].double().unique().tolist())
    margins = loss is not None and LOSSES[loss.name] == "margins"
    outside = [value for value in values if not 0 <= value <= 1]
    sure = [answers(step, 20.0), answers(step, 20.0, right=False)]
    costs = [_mean_loss(step, sums) for sums in sure if sums is not None]
    known = loss is not None and LOSSES[loss.name] in ("logits", "probabilities")
    at_targets = answers(step, 1.0)
    if outside and not margins and not known and at_targets is not None and abs(_mean_loss(step, at_targets)) < 0.01:
        return  # a loss that is least where outputs are targets, as the squared error
    if outside and not margins:
        # a loss by hand may hold the labels negated, so either of the two answers may be the right one
        if known or (costs and not -0.1 <= min(costs) <= 1):
            shown = ", ".join(f"{value:g}" for value in values[:4])
            yield Finding(
                "label_encoding",
                "root",
                0.95,
                f"the loss gets targets {shown}; it expects 0 and 1",
                loss.where if loss else step.backward.where,
                "map the labels to 0.0 and 1.0",
            )
        return
    if len(values) == 2 and not margins and loss is not None and (values[0] > UNSURE or values[1] < 1 - UNSURE):
        yield Finding(
            "label_encoding",
            "root",
            0.93,
            f"the loss gets targets {values[0]:g} and {values[1]:g}, on which the best answers are no sure ones; it "
            "expects 0 and 1",
            loss.where,
            "map the labels to 0.0 and 1.0",
        )
        return
    if len(values) < 2 or margins or len(costs) < 2:
        return
    if loss is None and _is_silent(step, labels):
        yield Finding(
            "label_encoding",
            "root",
            0.93,
            f"whatever the output, rows with the target {values[0]:g} do not pull on it: the loss multiplies by it",
            step.backward.where,
            "a loss of margins takes -1 and 1: 2 * labels - 1; or BCEWithLogitsLoss with 0 and 1",
        )
        return
    right, wrong = costs
    unbounded = min(costs) < -1
    if unbounded or (loss is not None and wrong < right - 0.1 and not step.mixes):
        evidence = (
            f"the loss of sure answers falls to {min(costs):.3g}; it should never be below 0"
            if unbounded
            else f"sure and right answers cost {right:.2f}, wrong ones {wrong:.2f}"
        )
        yield Finding(
            "loss_sign", "root", 0.9, evidence, step.backward.where, "drop or add the minus, or swap the two columns"
        )


def learners_cut(step: Training, evaluations: list[Evaluation]) -> set[float | None]:
    """Return the log odds above which the learner's code, as far as it runs in PyTorch, takes rows for label 1: none if
    it decides nothing, several if it tries several; None stands for what can't be told."""
    cuts: set[float | None] = set()
    for evaluation in evaluations:
        made = {id(tensor) for call in evaluation.calls for tensor in call.results}
        for call in evaluation.calls:
            outputs = [id(argument) in made for argument in call.arguments]
            if call.name in THRESHOLDS and outputs == [True, False]:  # not with each other, as for a ROC AUC
                names = {each.name for each in leading_to(evaluation.calls, call.arguments[0])}
                unit = within_unit(call.arguments[0])
                if not (unit and DECISIONS & names):
                    squashed = unit and bool({"sigmoid", "softmax", "exp"} & names)
                    cuts.add(log_odds_of(call.arguments[1], squashed or step.gives_probabilities))
            largest = call.name == "argmax" or (call.name == "max" and call.argument(1, "dim") is not None)
            rounded = call.name == "round" and "decimals" not in call.keywords
            if (largest or rounded) and outputs[:1] == [True]:
                cuts.add(0.0)
    return cuts


def _is_decided(calls: list[Call], values: Tensor) -> bool:
    """Whether these are decisions already, or what was picked by them."""
    return within_unit(values) and any(call.name in DECISIONS for call in leading_to(calls, values))


def within_unit(values: Tensor) -> bool:
    """Whether all values lie between 0 and 1, as probabilities and decisions do, and outputs with an attention behind
    them do not."""
    return bool((values >= 0).all()) and bool((values <= 1).all())


def log_odds_of(cut: object, probable: bool) -> float | None:
    """Return a threshold as log odds; None if it is not a single number that can be one.

    probable: whether it is a probability.
    """
    if isinstance(cut, Tensor) and cut.numel() == 1:
        cut = cut.item()
    if isinstance(cut, bool) or not isinstance(cut, int | float):
        return None
    if not probable:
        return float(cut)
    return float(logit(cut)) if 0 < cut < 1 else None


def _is_silent(step: Training, labels: Tensor) -> bool:
    """Whether no row with the smaller target has a gradient, whatever the output, and rows with the larger one do."""
    if labels.numel() != step.rows or step.columns != 1:
        return False
    larger = labels.reshape(-1) == labels.max()
    pull = torch.stack([_pull(step, level) for level in (-3.0, -0.5, 0.5, 3.0)]).sum(dim=0)
    return not bool(pull[~larger].any()) and bool(pull[larger].any())


def _pull(step: Training, level: float) -> Tensor:
    """Return how hard each row pulls on outputs that are all at this level, shape [rows]."""
    sums = torch.full_like(step.sums, level).requires_grad_()
    gradient = torch.autograd.grad(step.loss_of(sums).sum(), sums, materialize_grads=True)[0]
    return gradient.double().abs().reshape(step.rows, -1).sum(dim=1)


def pulls(steps: list[Training]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return how hard rows of label 0 and of label 1 pull on outputs of 0 in the first steps, and their numbers.

    None if one label does not occur or does not pull.
    """
    pull, rows = np.zeros(2), np.zeros(2)
    for step in steps[:20]:
        labels = step.targets
        if labels is None or labels.numel() != step.rows or step.columns > 2 or labels.unique().numel() > 2:
            return None
        if step.sums.numel() != step.rows * step.columns:
            return None  # it gives several a row
        gradient = _pull(step, 0.0)
        positive = labels.reshape(-1) > 0
        for label, mine in enumerate((~positive, positive)):
            pull[label] += float(gradient[mine].sum())
            rows[label] += int(mine.sum())
    return (pull, rows) if (rows > 0).all() and (pull > 0).all() else None


def relative_pull(steps: list[Training]) -> float | None:
    """Return how many times as hard a row of label 1 pulls on outputs of 0 as one of label 0; None as for `pulls`."""
    found = pulls(steps)
    return None if found is None else float(np.divide(*found)[1] / np.divide(*found)[0])


def weights_contract(steps: list[Training]) -> Iterator[Finding]:
    """Whether the loss lets both classes count."""
    found = pulls(steps)
    if found is None:
        return
    pull, rows = found
    share, weighted, ratio = rows[1] / rows.sum(), pull[1] / pull.sum(), (pull[1] / rows[1]) / (pull[0] / rows[0])
    too_far = not 0.25 < ratio < 4 and not 0.06 < weighted < 0.94
    if (too_far or not 0.5 < ratio < 2) and abs(weighted - 0.5) > abs(share - 0.5) + 0.1 * (not too_far):
        yield Finding(
            "class_weights_wrong",
            "root" if too_far else "costs",
            0.9 if too_far else 0.7,
            f"a positive pulls {ratio:.3g} times as hard as a negative, and {share:.1%} of the rows are positive: of "
            f"the whole pull theirs is {weighted:.1%}",
            steps[0].loss.where if steps[0].loss else steps[0].backward.where,
            "pos_weight = negatives / positives, or none",
        )


def gives_logits(step: Training) -> bool:
    """Whether the loss takes a single output a row for a logit or a margin: 0 is in the middle between the labels."""
    if step.columns != 1 or step.gives_probabilities:
        return False
    if step.loss is not None and LOSSES[step.loss.name] != "margins":
        return step.loss.name == "binary_cross_entropy_with_logits" and "sigmoid" not in step.names
    labels = step.targets
    if labels is None or labels.numel() != step.rows or labels.unique().numel() != 2:
        return False
    positive = (labels == labels.max()).reshape(-1)
    ratios = []
    for level in (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0):
        pull, mirrored = _pull(step, level)[positive].abs().sum(), _pull(step, -level)[~positive].abs().sum()
        if not 0 < mirrored < torch.inf:
            return False
        ratios.append(float(pull / mirrored))
    return min(ratios) > 0 and max(ratios) < 1.01 * min(ratios)


def gives_two_logits(step: Training) -> bool:
    """Whether the loss takes two outputs a row for logits, of which only their difference says something."""
    if step.columns != 2 or step.loss is None or "softmax" in step.names:
        return False
    return LOSSES[step.loss.name] in ("class logits", "class log probabilities")


def one_logit_of_two(what: str, where: str) -> Finding:
    """Return the finding that one of two logits is taken for a probability. what: how it is, as a sentence begins."""
    return Finding(
        "threshold_on_logits",
        "root",
        0.9,
        f"{what} one of two logits with 0.5; the loss knows only their difference, and without a softmax neither is a "
        "probability",
        where,
        "take the larger of the two: argmax(dim=1), or apply softmax(dim=1) first",
    )


def prediction_contract(step: Training, evaluations: list[Evaluation]) -> Iterator[Finding]:
    """What the prediction promises: outputs that are right are counted as right."""
    logits, of_two = gives_logits(step), gives_two_logits(step)
    for evaluation in evaluations:
        head = [call.name for call in evaluation.calls]
        for number, call in enumerate(evaluation.calls):
            before = head[:number]
            cut = call.arguments[1] if len(call.arguments) > 1 else None
            at_half = call.name in THRESHOLDS and log_odds_of(cut, False) == 0.5
            as_logits = (at_half or call.name == "round") and not (
                ({"sigmoid", "softmax"} & set(before) and all(map(within_unit, call.tensors)))
                or any(_is_decided(evaluation.calls, tensor) for tensor in call.tensors)
            )
            if of_two and at_half and as_logits:
                yield one_logit_of_two(f"`{call.name}` compares", call.where)
            if logits and as_logits:
                how = "rounded" if call.name == "round" else "compared with 0.5"
                yield Finding(
                    "threshold_on_logits",
                    "root",
                    0.9,
                    f"the loss takes the outputs for logits; to predict, they are {how} without a sigmoid",
                    call.where,
                    "compare logits with 0, or apply the sigmoid first",
                )
            if call.name in ("argmax", "max") and step.columns == 1 and call.tensors and call.tensors[0].ndim == 2:
                dimension = call.argument(1, "dim")
                if isinstance(dimension, int) and call.tensors[0].shape[dimension] == 1:
                    yield Finding(
                        "argmax_single_output",
                        "root",
                        0.97,
                        f"`{call.name}` over the single column of shape {tuple(call.tensors[0].shape)} is 0 "
                        "for every row",
                        call.where,
                        "compare the output with a threshold",
                    )
            if call.name in ("eq", "ne") and len(call.tensors) == 2:
                shapes = [tuple(tensor.shape) for tensor in call.tensors]
                rows = max(shapes[0][:1] + shapes[1][:1], default=0)
                if rows > 1 and sorted(shapes, key=len) == [(rows,), (rows, 1)]:
                    yield Finding(
                        "accuracy_broadcast",
                        "root",
                        0.97,
                        f"predictions and labels of shapes {shapes[0]} "
                        f"and {shapes[1]} are compared as {rows} × {rows} pairs",
                        call.where,
                        "give both the same shape",
                    )
            by_hand = call.name in ("div", "truediv") and {"exp", "sum"} <= set(before) and _divides_columns(call)
            over_rows = by_hand or (call.name == "softmax" and "softmax" not in step.names and _over_rows(call))
            if over_rows and not _enters_a_layer(evaluation.calls[number + 1 :], call):
                yield Finding(
                    "softmax_wrong_dim",
                    "root",
                    0.95,
                    "to predict, softmax runs over dimension 0, the rows",
                    call.where,
                    "softmax(dim=1)",
                )
