"""From what was seen to what is wrong: contracts first, then the steps, the data, and re-runs only where needed."""

import re
import time
from collections.abc import Iterator

import numpy as np
import torch

from helpers.doctor import audit, contracts, dynamics, tables
from helpers.doctor.anatomy import Evaluation, Training, evaluations, trainings
from helpers.doctor.findings import CAUSES, Diagnosis, Finding, ranked
from helpers.doctor.retraining import Retraining
from helpers.doctor.watch import TAPED_EVALUATIONS, Watch

# what PyTorch says: the cause, what to do
_ERRORS = (
    (
        r"all elements of input should be between 0 and 1|Assertion.*>= 0.*<= 1",
        "bce_on_logits",
        "BCEWithLogitsLoss on the raw outputs",
    ),
    (
        r"Using a target size .* that is different to the input size|Target size .* must be the same as input size|"
        r"target size .* input size",
        "shape_broadcast",
        "squeeze(1) the outputs or unsqueeze(1) the targets",
    ),
    (r"Target \d+ is out of bounds", "label_encoding", "labels 0 and 1, and as many outputs as classes"),
    (
        r"does not require grad and does not have a grad_fn",
        "graph_detached",
        "no .detach(), .item(), rounding or no_grad between the model and the loss",
    ),
    (
        r"result type Float can't be cast to|expected scalar type|Found dtype|not implemented for 'Long'|"
        r"expected m1 and m2 to have the same dtype",
        "label_encoding",
        "targets.float() for BCE, targets.long() for cross entropy, features.float()",
    ),
    (
        r"Expected more than 1 value per channel when training",
        "batch_size_too_small",
        "drop_last=True, or larger batches",
    ),
    (r"optimizer got an empty parameter list", "unregistered_params", "hold layers in nn.ModuleList or nn.Sequential"),
)


def diagnose_watched(seen: Watch, budget: float = 20.0) -> Diagnosis:
    """Return the diagnosis of a watched block; PyTorch's random state and the model stay as they are."""
    if not budget > 0:
        raise ValueError(f"budget is {budget!r}; expected a positive number of seconds")
    with torch.random.fork_rng(devices=[]):
        return _diagnose(seen, time.monotonic() + budget)


def _diagnose(seen: Watch, ends: float) -> Diagnosis:
    translated = list(_translated(seen))
    steps = trainings(seen)
    if not seen.backwards:
        reason = "the block never called backward()" if not translated else "the block stopped before backward()"
        return Diagnosis(tuple(translated), (), (f"{reason}: there is no training to look at",))
    if not steps:
        broken = seen.backwards[0].where
        cut = (
            []
            if translated
            else [
                Finding(
                    "graph_detached",
                    "root",
                    0.8,
                    "no layer with parameters leads to the loss",
                    broken,
                    "compute the loss from the model's output, in PyTorch",
                )
            ]
        )
        return Diagnosis(tuple(translated + cut), (), ("no layer leads to the loss: nothing else could be tested",))
    evaluated = evaluations(seen, steps)
    found = list(translated)
    untested: list[str] = []
    if steps[0].forward is not None:
        model = steps[0].forward.model
        if any(step.forward is None or step.forward.model is not model for step in steps):
            untested.append("several models were trained; these findings are about the first")
        steps = [step for step in steps if step.forward is not None and step.forward.model is model]
        evaluated = [one for one in evaluated if one.forward.model is model]
    tested: set[str] = set()
    for check, causes in (
        (
            contracts.loss_contract(steps[0]),
            "double_sigmoid softmax_before_ce bce_on_logits ce_single_output softmax_single_output softmax_wrong_dim "
            "nll_on_probabilities relu_on_output shape_broadcast label_encoding loss_sign class_weights_wrong "
            "graph_detached nondifferentiable_output",
        ),
        (
            contracts.prediction_contract(steps[0], evaluated),
            "threshold_on_logits argmax_single_output accuracy_broadcast" if evaluated else "",
        ),
        (audit.audit_steps(seen), "no_optimizer_step no_zero_grad"),
        (
            audit.audit_parameters(seen, steps),
            "optimizer_wrong_params unregistered_params layer_in_forward frozen_params",
        ),
        (
            audit.audit_modes(steps, evaluated),
            "train_mode_missing batch_size_too_small" + (" eval_mode_missing functional_dropout" if evaluated else ""),
        ),
        (audit.audit_rates(seen), "scheduler_misuse"),
        (audit.linear_only(steps[0]), "no_nonlinearity"),
        (tables.check_values(steps), "nan_features labels_single_class"),
    ):
        before = len(untested)
        found += _tolerant(check, untested)
        if len(untested) == before:
            tested |= set(causes.split())
    found += _tolerant(_data(steps, evaluated, tested), untested)
    if not any(finding.severity == "root" for finding in found):
        found += _tolerant(_training(seen, steps, evaluated, ends, tested, untested), untested)
    ruled_out = tested - {finding.cause for finding in found}
    return Diagnosis(ranked(found), tuple(cause for cause in CAUSES if cause in ruled_out), tuple(untested))


def _tolerant(check: Iterator[Finding], untested: list[str]) -> list[Finding]:
    """Return a check's findings; a check that can't deal with the learner's code says so and spoils no other."""
    found = []
    try:
        for finding in check:
            found.append(finding)
    except (RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        untested.append(f"{check.__name__.replace('_', ' ')}: {type(error).__name__}: {str(error)[:100]}")  # type: ignore[attr-defined]
    return found


def _translated(seen: Watch) -> Iterator[Finding]:
    if seen.error is None:
        return
    message = str(seen.error).replace("\n", " ")
    for pattern, cause, fix in _ERRORS:
        if re.search(pattern, message):
            yield Finding(cause, "root", 0.9, f"{type(seen.error).__name__}: {message[:160]}", seen.error_line, fix)
            return


def _data(steps: list[Training], evaluated: list[Evaluation], tested: set[str]) -> Iterator[Finding]:
    table = tables.training_table(steps)
    if table is None or not np.isfinite(table.features).all():
        return
    tested |= {"unshuffled_data"}
    yield from tables.check_order(table)
    held_out = _held_out(steps, evaluated, table)
    if held_out is not None:
        tested |= {"preprocess_mismatch", "data_leakage"}
        yield from tables.check_preparation(table, held_out)
    yield from tables.check_leakage(table, held_out)


def _held_out(steps: list[Training], evaluated: list[Evaluation], table: tables.Table) -> tables.Table | None:
    """The rows of the evaluations, each once, if there are any; an evaluation of the training set does not count."""
    parts = [part for part in map(tables.evaluation_table, evaluated) if part is not None]
    parts = [part for part in parts if part.shape == table.shape and np.isfinite(part.features).all()]
    others = [part for part in parts if tables.shared(part, table) < 0.98]
    if others:
        return tables.together(others)
    # rows of the training set alone: all of them, which is a usual look at it, or a part that was meant to be held out
    whole = tables.together(parts) if parts and len(evaluated) < TAPED_EVALUATIONS else None
    return whole if whole is not None and len(whole.labels) < 0.6 * len(table.distinct().labels) else None


def _training(
    seen: Watch, steps: list[Training], evaluated: list[Evaluation], ends: float, tested: set[str], untested: list[str]
) -> Iterator[Finding]:
    losses = dynamics.losses_of(seen)
    broken = list(dynamics.not_a_number(seen, losses))
    table = tables.training_table(steps)
    if table is not None and not (table.both_classes and np.isfinite(table.features).all()):
        table = None
    if table is None:
        untested.append("the data: the batches are not tables of numbers with two classes")
    idle = dynamics.idle_loss(steps)
    calm = dynamics.learns(losses, idle) and not dynamics.unsettled(losses, idle)
    tested |= {"nan_loss", "lr_too_high"}
    if calm and not broken:
        tested |= {"unscaled_features", "bad_init", "dead_relu", "lr_too_low", "undertrained", "vanishing_gradients",
                   "regularisation_too_strong"}  # fmt: skip
        held_out = None if table is None else _labelled(_held_out(steps, evaluated, table))
        worth = list(_judged(steps, held_out, table, tested))
        yield from worth
        if worth or not _falls_behind(steps, held_out, table):
            return
    yield from audit.gradients_vanish(steps[0])
    try:
        model = steps[0].forward.model if steps[0].forward else None
        retraining = Retraining(steps, seen.start.get(id(model), {}), seen.steps[0].optimizer)
        suspects = dynamics.Suspects(seen, steps, retraining, table, idle, ends - time.monotonic())
        yield from suspects.findings(None if table is None else tables.signal_in(table))
    except ValueError as error:
        untested.append(f"re-runs: {error}")
    yield from broken


def _labelled(held_out: tables.Table | None) -> tables.Table | None:
    """The rows held out, if their labels are known and there are enough of both to judge a ranking."""
    if held_out is None or not held_out.labelled or not held_out.both_classes or len(held_out.labels) < 100:
        return None
    return held_out


def _falls_behind(steps: list[Training], held_out: tables.Table | None, table: tables.Table | None) -> bool:
    """Whether the network ranks held-out rows far worse than a model that was fitted without its code."""
    if table is None or held_out is None or steps[0].forward is None or steps[0].features is None:
        return False
    scores = dynamics.ranking(steps[0].forward.model, held_out, steps[0].features.dtype)
    signal = tables.signal_in(table)
    if scores is None or signal is None:
        return False
    return signal.best - dynamics.auc(scores, held_out) > 0.1 + dynamics.uncertainty(held_out)


def _judged(
    steps: list[Training], held_out: tables.Table | None, table: tables.Table | None, tested: set[str]
) -> Iterator[Finding]:
    """What a training that learns is worth: on rows held out, and for the rarer class."""
    if table is None or steps[0].forward is None or steps[0].features is None:
        return
    model, dtype, once = steps[0].forward.model, steps[0].features.dtype, table.distinct()
    if held_out is not None:
        scores = dynamics.ranking(model, held_out, dtype)
        if scores is not None and dynamics.at_chance(scores, held_out):
            tested |= {"weak_signal", "labels_misaligned"}
            signal = tables.signal_in(table)
            if signal is not None and not signal.found:
                yield dynamics.no_signal(signal, table)
                return
    scores = dynamics.ranking(model, once, dtype)
    if scores is not None:
        tested |= {"imbalance", "threshold_not_tuned"}
        yield from dynamics.check_rare_class(scores, once)
