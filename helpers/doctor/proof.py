"""Shows that a fix works: the same training from the same start, with the fault and without it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from helpers.doctor.audit import LINEAR, SATURATING
from helpers.doctor.findings import DIRECT, EVALUATION, PAIRS, Finding
from helpers.doctor.patient import Patient
from helpers.doctor.retraining import ORDERS, Arm, Retraining
from helpers.doctor.tape import Call

CLEAR = 0.03  # share of the pairs of rows that the fix has to rank rightly beyond what the fault leaves right
GUESSING = 0.4  # share of the pairs ranked wrongly from which on next to nothing was learnt
STEPS = 120  # of a re-run


def _activated(calls: list[Call]) -> list[Call]:
    """Return the calls with a ReLU after every linear layer but the last."""
    linear = [call for call in calls if call.name in LINEAR]
    return [replace(call, function=_relu_after(call.function)) if call in linear[:-1] else call for call in calls]


def _relu_after(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments, **keywords: torch.relu(function(*arguments, **keywords))


def _unsaturated(calls: list[Call]) -> list[Call]:
    """Return the calls with ReLU in the place of sigmoid and tanh."""
    return [replace(call, function=nn.functional.relu) if call.name in SATURATING else call for call in calls]


def _arms(patient: Patient, finding: Finding) -> tuple[Arm, Arm, str] | None:
    """Return how to train with the fault and without it, and what was changed; None if that can't be tried."""
    step, cause = patient.steps[0], finding.cause
    if cause in WIRING and finding.where != patient.evaluation_line:
        return Arm(), Arm(plain_loss=True), "cross entropy of the last layer's sums, nothing else changed"
    if cause == "no_zero_grad":
        return Arm(clears=False), Arm(), "with zero_grad() in every step"
    if cause == "no_optimizer_step":
        return Arm(steps=False), Arm(), "with optimizer.step()"
    if cause in ("optimizer_wrong_params", "unregistered_params"):
        return Arm(), Arm(parameters=step.parameters), "with all weights that the model uses in the optimizer"
    if cause == "scheduler_misuse":
        rates = [each.rates[0] for each in patient.taken if each.rates]
        return Arm(rates=rates), Arm(rates=[max(rates)] * len(rates)), "at the highest rate throughout"
    if cause == "vanishing_gradients":
        return Arm(), Arm(path=_unsaturated), "with ReLU in the hidden layers"
    if cause == "no_nonlinearity":
        return Arm(), Arm(path=_activated), "with ReLU after every layer but the last"
    return None


MISREAD = EVALUATION - {"threshold_not_tuned"}
WIRING = {"double_sigmoid", "softmax_before_ce", "bce_on_logits", "ce_single_output", "softmax_single_output",
          "nll_on_probabilities", "relu_on_output", "loss_sign", "shape_broadcast", "label_encoding",
          "nondifferentiable_output", "class_weights_wrong", "softmax_wrong_dim"}  # fmt: skip


def proved(patient: Patient, finding: Finding) -> Finding:
    """Return the finding with what came of trying its fix, if that is possible."""
    if finding.cause in MISREAD and patient.odds_held_out is not None and patient.judges is not None:
        right = ((patient.odds_held_out > 0) == (patient.judges.labels == 1)).mean()
        tried = (
            f"the same network in eval mode, decided at probability 0.5, is right for {right:.0%} of the rows held out"
        )
        return replace(finding, confirmed=tried)
    arms = _arms(patient, finding) if finding.confirmed == DIRECT and finding.severity != "note" else None
    if arms is None or patient.retraining is None:
        return finding
    broken, mended, change = arms
    try:
        return _tried(patient.retraining, finding, broken, mended, change, len(patient.losses))
    except Exception:
        return finding  # the learner's lines can't be run again in this way


def _tried(retraining: Retraining, finding: Finding, broken: Arm, mended: Arm, change: str, taken: int) -> Finding:
    before: list[list[float]] = []
    after: list[list[float]] = []
    for order in range(ORDERS):
        before.append(retraining.misranked(min(taken, STEPS), order, broken))
        after.append(retraining.misranked(min(taken, STEPS), order, mended))
        if not _reached(after[-1]) < _reached(before[-1]) - CLEAR:
            break
    else:
        worse, better = (float(np.mean([_reached(run) for run in runs])) for runs in (before, after))
        tried = (f"{len(after[0])} steps from the same start, {ORDERS} orders of the batches, {change}: of the pairs "
                 f"of rows of different classes, {worse:.0%} → {better:.0%} are ranked wrongly")  # fmt: skip
        severity = "root" if worse > GUESSING else finding.severity
        curves = tuple(before[0]), tuple(after[0])
        return replace(finding, severity=severity, confirmed=tried, curves=curves, unit=PAIRS)
    tried = (f"{len(after[-1])} steps from the same start, {change}: of the pairs of rows of different classes, "
             f"{_reached(before[-1]):.0%} → {_reached(after[-1]):.0%} are ranked wrongly; the evidence is direct, the "
             "ranking hardly shows it here")  # fmt: skip
    return replace(finding, confirmed=tried)


def _reached(shares: list[float]) -> float:
    """Return the mean of the last fifth."""
    return float(np.nanmean(shares[-max(1, len(shares) // 5) :]))
