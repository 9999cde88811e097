"""What only the course of the training shows; every accusation of the data or the settings has to pass re-runs."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

import numpy as np
import torch
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score
from torch import nn, optim

from helpers.doctor.anatomy import Training, modules_of
from helpers.doctor.budget import OutOfTime, seconds_left
from helpers.doctor.by_hand import update
from helpers.doctor.findings import Finding
from helpers.doctor.patient import Patient
from helpers.doctor.record import Backward, Step
from helpers.doctor.references import deviation, log_losses, logit
from helpers.doctor.retraining import ORDERS, Retraining, usual_rate
from helpers.doctor.tape import is_parameter
from helpers.doctor.watch import AUDITED_STEPS

MATTERS = 0.05  # nats of training loss: a twentieth of the probability given to the right answer
SHARE = 0.07  # of the idle loss: as much for classes of the same size, less if one is rare
LONGEST = 300  # steps of a re-run
SHORTEST, PROBED = 60, 10  # steps of a re-run at least, and of the one that tells how long a step takes
RUNS = 20  # re-runs that the time is to suffice for
FASTER, OTHER_RATES = 10.0, (10.0, 0.1, 0.01)  # factors on the rate
FAR_OFF = 100.0  # times what answers that say nothing cost: there, weights throw the first answers
FEW = 100  # steps that are too few, whatever the rate
LEARNT = 0.65  # a ROC AUC above which a network has learnt something
HEAVY = 0.75  # dropout
RANKED_BETTER = 0.01  # of ROC AUC on rows held out
USUAL = {optim.SGD: 0.005, optim.RMSprop: 3e-4, optim.Adam: 3e-4, optim.AdamW: 3e-4}  # rates that are not too low

_PRODUCTS = {"matmul", "rmatmul", "mm", "addmm"}  # of rows and a matrix, which has a column for each unit


def check_numbers(patient: Patient) -> Iterator[Finding]:
    """Whether the loss became NaN or infinite."""
    patient.tested |= {"nan_loss"}
    losses = patient.losses
    broken = next((number for number, loss in enumerate(losses) if not isfinite(loss)), None)
    if broken is not None:
        before = f", after {losses[broken - 1]:.3g}" if broken else ""
        seen = f"the loss is {losses[broken]} at step {broken + 1} of {len(losses)}{before}"
        unknown = _unknown_labels(patient)
        unsafe = unknown or _unsafe(patient) or _whatever_the_rate(patient, broken)
        yield Finding(
            "nan_loss",
            "root",
            0.95 if unsafe else 0.6,
            seen + unsafe,
            patient.seen.backwards[broken].where,
            "drop the rows whose label is not known"
            if unknown
            else "look for a root, a logarithm or a quotient of 0; BCEWithLogitsLoss on the raw outputs"
            if unsafe
            else "a lower rate",
        )


def _unknown_labels(patient: Patient) -> str:
    """Say how many labels are NaN, if any are."""
    labels = [step.targets for step in patient.steps if step.targets is not None]
    unknown = sum(int(values.isnan().sum()) for values in labels)
    return f"; {unknown} of {sum(map(len, labels)):,} labels are NaN" if unknown else ""


def _unsafe(patient: Patient) -> str:
    """Say that the loss is no number for large outputs, if that is so: float32 rounds their sigmoid to 0 or 1."""
    step = patient.steps[0]
    values = []
    with torch.no_grad():
        for size in (120.0, -120.0):
            sums = torch.full_like(step.sums, size)
            if step.columns == 2:
                sums[:, 0] = -size
            values.append(float(step.loss_of(sums).double().mean()))
    if all(map(isfinite, values)):
        return ""
    return f"; the formula itself gives {' and '.join(f'{value:g}' for value in values)} for outputs of 120 and -120"


def _whatever_the_rate(patient: Patient, broken: int) -> str:
    """Say that the loss becomes no number at a thousandth of the rate as well, if that is so."""
    if patient.retraining is None:
        return ""
    try:
        slow = patient.retraining.run(min(broken + 100, LONGEST), rate=1e-3)
    except (ValueError, RuntimeError):
        return ""
    return "" if isfinite(slow[-1]) else f"; at a thousandth of the rate it is so, too, at step {len(slow)}"


@dataclass(frozen=True)
class Trial:
    """The losses of re-runs from the same start, one for each order of the batches, without and with a change."""

    before: list[list[float]]
    after: list[list[float]]
    changed: str = "only this changed"

    def helps(self, idle: float, matters: float) -> bool:
        """Whether the change brings the loss so far below what it was, and below the idle loss, in every order."""
        pairs = zip(map(reached, self.before), map(reached, self.after), strict=True)
        return all(after < min(before, idle) - matters for before, after in pairs)

    def __str__(self) -> str:
        before, after = (np.array([reached(run) for run in runs]) for runs in (self.before, self.after))
        orders = "1 order" if len(after) == 1 else f"{len(after)} orders"
        text = f"{len(self.after[0])} steps from the same start, {orders} of the batches, {self.changed}: loss "
        if not np.isfinite(before).all():
            return text + f"no number → {after.mean():.3g}"
        text += f"{before.mean():.3g} → {after.mean():.3g}"
        gain = before - after
        half = student.ppf(0.975, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else np.inf
        if half < gain.mean():
            text += f" (better by {gain.mean():.2f} ± {half:.2f}, 95 % interval)"
        return text


def reached(losses: list[float]) -> float:
    """Return the mean of the last fifth of the losses, infinite if the last is no number."""
    tail = losses[-max(1, len(losses) // 5) :]
    return float(np.mean(tail)) if all(map(isfinite, tail)) else float("inf")


class Suspects:
    """A training that does not learn what could be learnt, and the re-runs that tell why."""

    def __init__(self, patient: Patient, retraining: Retraining) -> None:
        self.patient, self.retraining = patient, retraining
        self.first = patient.steps[0]
        self.step_line = patient.taken[0].where
        self.seconds = self._seconds()  # that a step takes
        affordable = max(SHORTEST, seconds_left() / (RUNS * self.seconds))
        self.count = int(min(len(patient.taken), LONGEST, affordable))
        self.matters = self._matters()
        self.unchanged: dict[int, list[float]] = {}  # the losses of a re-run without a change, by the order of batches

    def _matters(self) -> float:
        """Return by how much a change has to lower the loss; where the training ends worse than the same answer for
        every row, half of what a reference gains over that suffices, if it is a third of the usual amount."""
        idle, reference = self.patient.idle, self.patient.reference
        usual = min(MATTERS * self.patient.unit_of_loss, SHARE * idle)
        if reference is None or not reference.found or self.patient.reached < idle + usual:
            return usual
        gained = 1 - self._possible() / float(log_losses(logit(reference.labels.mean()), reference.labels).mean())
        return float(np.clip(gained * idle / 2, usual / 3, usual))

    def findings(self) -> Iterator[Finding]:
        """Yield what re-runs with one change show to be the cause; of rivals, that whose change helps most."""
        for rivals in (
            (self.start,),
            (self.features, self._regularisation),
            (self.tails,),
            (self._frozen,),
            (self._clipped,),
            (self._shrunk,),
            (self._schedule,),
            (self._changes, self._rate),
        ):
            found: list[Finding] = []
            for accuse in rivals:
                try:
                    found += accuse()
                except OutOfTime:
                    if not found:
                        raise
            if found and self._changes not in rivals:
                with suppress(OutOfTime):
                    found += self._changes()
            if found:  # another change may help as well, and proves less
                found.sort(key=lambda finding: reached(list(finding.curves[1])) if finding.curves else inf)
                yield from [finding for finding in found if finding.cause == found[0].cause]
                return

    def _seconds(self) -> float:
        """Return how many seconds of work a step of a re-run takes."""
        before = time.thread_time()
        self.retraining.run(PROBED)
        return max((time.thread_time() - before) / PROBED, 1e-6)

    def _try(self, count: int | None = None, **change: Any) -> Trial | None:
        """Return what comes of a change, or None if it does not help in every order, or there is no time to try."""
        before: list[list[float]] = []
        after: list[list[float]] = []
        for order in range(ORDERS):
            try:
                if order not in self.unchanged:
                    self.unchanged[order] = self.retraining.run(self.count, order)
                changed = self.retraining.run(count or self.count, order, **change)
            except OutOfTime:
                if not after:
                    raise
                break
            before.append(self.unchanged[order])
            after.append(changed)
            if not Trial(before, after).helps(self.patient.idle, self.matters):
                return None
        return Trial(before, after)

    def _try_what_holds(self, count: int | None = None, **change: Any) -> Trial | None:
        """Return what comes of faster or longer training, None if it only learns the batches by heart: then rows held
        out are neither ranked better nor cost less than by the network that was trained."""
        rows, before = self.patient.judges, self.patient.odds_held_out
        if rows is None or before is None:
            return self._try(count, **change)
        answers: list[np.ndarray | None] = []  # for these rows, after each re-run with the change
        trial = self._try(count, afterwards=lambda: answers.append(self.patient.log_odds(rows)), **change)
        if trial is None or answers[0] is None or not np.isfinite(answers[0]).all():
            return trial
        better = roc_auc_score(rows.labels, answers[0]) - roc_auc_score(rows.labels, before)
        dearer = log_losses(answers[0], rows.labels).mean() - log_losses(before, rows.labels).mean()
        return None if better < 2 * deviation(rows.labels) and dearer >= 0 else trial

    def _unless_outdone(self, trial: Trial | None, rates: tuple[float, ...]) -> Trial | None:
        """Return the trial, None if one of these factors on the rate alone helps more."""
        if trial is None:
            return None
        others = [other for rate in rates if (other := self._try(rate=rate)) is not None]
        return None if any(reached(other.after[0]) < reached(trial.after[0]) for other in others) else trial

    def _in_full(self, **change: Any) -> Trial | None:
        """Return what comes of a change in as many steps as were taken, or in 1,500, beside what came of all of them
        without it; None if that does not help in every order, or there is no time to try."""
        taken = self.patient.losses
        count = min(len(taken), 5 * LONGEST)
        if not self.count < count or ORDERS * count * self.seconds > seconds_left() / 2:
            return None
        try:
            return self._beside(taken, count, **change)
        except OutOfTime:
            return None

    def _beside(self, taken: list[float], count: int, changed: str = Trial.changed, **change: Any) -> Trial | None:
        """Return re-runs of so many steps beside the losses of the training itself; None if they are not better in
        every order."""
        runs = [self.retraining.run(count, order, **change) for order in range(ORDERS)]
        trial = Trial([taken] * ORDERS, runs, changed)
        return trial if trial.helps(self.patient.idle, self.matters) else None

    def _ranks_better(self, **change: Any) -> Trial | None:
        """Return what comes of a change beside the training itself; None unless it ranks rows held out better than the
        network that was trained, in every order."""
        rows, odds = self.patient.judges, self.patient.odds_held_out
        if rows is None or odds is None:
            return None
        before = roc_auc_score(rows.labels, odds)
        runs, ranks = [], []
        for order in range(ORDERS):
            losses, found = self.patient.trained_again(rows, self.count, order, **change)
            runs.append(losses)
            ranks.append(0.5 if found is None else roc_auc_score(rows.labels, found))
            if ranks[-1] < before + RANKED_BETTER:
                return None
        there = f"rows held out ranked with a ROC AUC of {np.mean(ranks):.2f} instead of {before:.2f}"
        return Trial([self.patient.losses[: self.count]] * ORDERS, runs, f"only this changed, {there}")

    def _accuse(
        self, cause: str, confidence: float, seen: str, where: str, fix: str, trial: Trial | None
    ) -> Iterator[Finding]:
        self.patient.tested.add(cause)
        if trial is not None:
            curves = (tuple(trial.before[0]), tuple(trial.after[0]))
            yield Finding(cause, "root", confidence, seen, where, fix, str(trial), curves)

    def features(self) -> Iterator[Finding]:
        """Whether the training goes better with standardised columns."""
        table = self.patient.table
        if table is None:
            return
        mean, deviations = (found.numpy() for found in table.layout.moments(torch.from_numpy(table.features)))
        spread = np.where(table.measured, deviations, 0)
        wide = spread[spread > 0]
        if not len(wide):
            return
        largest, far = float(np.abs(table.features[:, spread > 0]).max()), float(np.abs(mean[spread > 0] / wide).max())
        if not (wide.max() / wide.min() > 30 or wide.max() > 20 or wide.max() < 0.05 or far > 20):
            return
        shifted = np.abs(mean[spread > 0]).max() > 20 * np.median(wide)
        off = wide.max() > 20 or wide.max() < 0.05 or shifted
        centre = torch.from_numpy(mean)
        width = torch.from_numpy(np.where(spread > 0, spread, 1.0))

        prepare = table.changed(lambda rows: (rows - centre) / width)
        trial = self._try(prepare=prepare)
        if trial is not None and not off:  # columns of little spread, as pixels at the edge, are no harm as such
            trial = self._unless_outdone(trial, (0.1, 0.01))
        elif trial is None and len(self.patient.taken) >= FEW and not self.patient.learns:
            trial = self._in_full(prepare=prepare)
            if trial is None and all(self._try(rate=rate) is None for rate in OTHER_RATES):
                trial = self._try(prepare=prepare, rate=FASTER)  # wide columns may have asked for a slow rate
                changed = f"this and {FASTER:g} times the rate, which alone does not help"
                trial = trial and replace(trial, changed=changed)
        yield from self._accuse(
            "unscaled_features",
            0.93,
            f"the columns' standard deviations run from {wide.min():.2g} to {wide.max():.2g}, the largest value is "
            f"{largest:.3g}",
            self.patient.training_line,
            "StandardScaler fitted on the training rows, applied to all",
            trial,
        )

    def tails(self) -> Iterator[Finding]:
        """Whether the training goes better once every column is spread like a normal distribution: far values leave no
        room for the others, and no scaler that only shifts and stretches changes that."""
        table = self.patient.table
        if table is None:
            return
        low, middle, high = np.quantile(table.features, (0.25, 0.5, 0.75), axis=0)
        known = table.measured & (high > low) & np.array([len(np.unique(column)) > 20 for column in table.features.T])
        if not known.any():
            return
        far = np.abs(table.features - middle).max(axis=0)[known] / (high - low)[known]
        if far.max() < 30:
            return
        columns = torch.from_numpy(np.sort(table.features, axis=0).T.copy())

        def spread(rows: torch.Tensor) -> torch.Tensor:
            places = torch.searchsorted(columns, rows.T.contiguous()).T
            return torch.special.ndtri((places + 0.5) / (columns.shape[1] + 1))

        yield from self._accuse(
            "unscaled_features",
            0.9,
            f"{(far > 30).sum()} of {len(known)} columns have values that lie more than 30 times as far out as their "
            f"quartiles, up to {far.max():.0f} times",
            self.patient.training_line,
            "a logarithm or QuantileTransformer(output_distribution='normal') fitted on the training rows",
            self._unless_outdone(self._try(prepare=table.changed(spread)), (10.0, 100.0)),
        )

    def _frozen(self) -> Iterator[Finding]:
        frozen = [value for value in self.retraining.model.parameters() if not value.requires_grad]
        if frozen:
            yield from self._accuse(
                "frozen_params",
                0.9,
                f"{sum(value.numel() for value in frozen):,} numbers of the model have requires_grad=False",
                self.first.layers[0].where,
                "set requires_grad_(True) and give them to the optimizer",
                self._try(thaw=True),
            )

    def _possible(self) -> float:
        """Return the log loss that a reference reaches on training rows that it has not seen; infinite if unknown."""
        reference = self.patient.reference
        return float(log_losses(reference.odds, reference.labels).mean()) if reference is not None else inf

    def start(self) -> Iterator[Finding]:
        """Whether the training goes better from PyTorch's own initial weights, where the learner's are unusual."""
        odd = [text for name, value in self.retraining.start.items() if (text := self._odd_weights(name, value))]
        dead, where = _dead_units(self.first), self.first.layers[0].where
        self.patient.tested |= {"bad_init", "dead_relu"}
        if not odd and not dead:
            return
        trial = self._try(renew=True) or self._in_full(renew=True)
        if dead and not any("alike" in text or "spread" in text for text in odd):
            yield from self._accuse("dead_relu", 0.94, dead, where, "leave PyTorch's own initial weights", trial)
            if trial is None and dead.startswith("100%"):
                tried = "other initial weights did not help: the units are dead whatever the weights"
                yield Finding("dead_relu", "root", 0.85, dead, where, "see what comes before that ReLU", tried)
        else:
            seen = "initial weights of " + "; ".join(odd[:3])
            fix, first = "leave PyTorch's initial weights", self.patient.losses[0]
            yield from self._accuse("bad_init", 0.94, seen, where, fix, trial)
            if trial is None and not self.patient.learns and first > FAR_OFF * self.patient.idle:
                seen += f"; the first batch costs {first:.3g}, and answers that say nothing {self.patient.idle:.2f}"
                yield Finding("bad_init", "root", 0.85, seen, where, fix, "re-runs differ too much to tell")

    def _odd_weights(self, name: str, value: torch.Tensor) -> str:
        """Say what is unusual about the initial weights of a layer, or nothing."""
        layer = dict(self.retraining.model.named_modules()).get(name.rpartition(".")[0])
        own = value.ndim == 2 and not hasattr(layer, "reset_parameters")  # a matrix of the learner's: rows @ matrix
        if value.ndim < 2 or not (own or isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d | nn.RNNBase)):
            return ""
        spread, mean = float(value.double().std()), float(value.double().mean())
        entering = layer.hidden_size if isinstance(layer, nn.RNNBase) else len(value) if own else value[0].numel()
        size = spread * entering**0.5  # 0.58 with PyTorch's default
        if len(value) > 1 and bool((value - value[0]).abs().max() == 0):
            return f"{name}: all rows alike"
        if abs(mean) > 8 * spread / value.numel() ** 0.5:
            return f"{name}: mean {mean:.2g}, not 0"
        return "" if 0.1 < size < 2 else f"{name}: {size / 0.577:.2g} times the usual spread"

    def _regularisation(self) -> Iterator[Finding]:
        decay = max(float(group.get("weight_decay", 0) or 0) for group in self.retraining.optimizer.param_groups)
        if decay >= 0.02:
            trial = self._try(settings={"weight_decay": 0.0})
            fix = "weight_decay=0, or a hundredth of it"
            yield from self._accuse(
                "regularisation_too_strong", 0.9, f"weight_decay is {decay:g}", self.step_line, fix, trial
            )
        if self.first.penalties:
            size = float(sum(penalty.detach() for penalty in self.first.penalties))
            yield from self._accuse(
                "regularisation_too_strong",
                0.9,
                f"what is added to the loss for the parameters is {size:.3g} at the start",
                self.first.backward.where,
                "a hundredth of it, or none",
                self._try(without_penalty=True),
            )
        yield from self.dropout()

    def dropout(self) -> Iterator[Finding]:
        """Whether the training goes better without heavy dropout. Of a network that learns, the loss with dropout in it
        tells little: there rows held out have to be ranked better."""
        drops = [float(module.p) for module in modules_of(self.retraining.model, nn.Dropout)]  # type: ignore[arg-type]
        if max(drops, default=0.0) >= HEAVY:
            better = self._ranks_better if self.patient.learns else self._try
            yield from self._accuse(
                "regularisation_too_strong",
                0.9,
                f"dropout silences {max(drops):.0%} of the units",
                self.patient.training_line,
                "dropout of 0.1 to 0.5",
                better(without_dropout=True),
            )

    def _shrunk(self) -> Iterator[Finding]:
        """Whether parameters that the code shrinks between steps are to blame: re-runs, which leave them, learn."""
        left = min(step.left for step in self.patient.taken[:AUDITED_STEPS])
        change = update(self.patient.seen)
        if left > 0.99 or change is None:
            return
        yield from self._accuse(
            "regularisation_too_strong",
            0.88,
            f"between the steps, `{change.name}` leaves {left:.2g} of the size of a layer's parameters",
            change.where,
            "a milder bound on the weights, or none",
            self._beside(self.patient.losses[: self.count], self.count, "the parameters left as the steps make them"),
        )

    def _clipped(self) -> Iterator[Finding]:
        """Whether what clipping leaves of the gradients is too little: re-runs, which do not clip, learn."""
        pairs = zip(self.patient.taken[:AUDITED_STEPS], self.patient.seen.backwards, strict=False)
        left = max((_share_left(step, backward) for step, backward in pairs), default=1.0)
        if left > 0.2:
            return
        yield from self._accuse(
            "lr_too_low",
            0.88,
            f"clipping leaves {left:.1g} of the gradients' size, and the steps are as much smaller",
            self.step_line,
            "clip_grad_norm_ at about the usual norm of the gradient, or no clipping",
            self._beside(self.patient.losses[: self.count], self.count, "the gradients not clipped"),
        )

    def _schedule(self) -> Iterator[Finding]:
        """Whether the schedule is to blame: re-runs, which have none, learn at the rate that it starts from."""
        rates = [step.rates[0] for step in self.patient.taken if step.rates]
        first = self.retraining.optimizer.param_groups[0]
        constant = max(float(first.get(name, 0) or 0) for name in ("initial_lr", "max_lr"))
        if not rates or not constant or float(np.mean(rates)) > 0.3 * constant:
            return
        yield from self._accuse(
            "scheduler_misuse",
            0.9,
            f"the rate is meant to be {constant:.2g}; the schedule leaves {np.mean(rates):.1g} of it on average, "
            f"{max(rates):.1g} at most",
            self.step_line,
            "a schedule that stays near that rate for most of the training, as long as the training is",
            self._beside(self.patient.losses, self.count, "the rate not scheduled", rate=constant / usual_rate(first)),
        )

    def _rate(self) -> Iterator[Finding]:
        taken, rate = len(self.patient.taken), usual_rate(self.retraining.optimizer.param_groups[0])
        usual = next((least for kind, least in USUAL.items() if type(self.retraining.optimizer) is kind), 3e-4)
        rises = self.patient.reached > max(1.5 * self.patient.idle, self.patient.losses[0])  # more steps do not help
        count = int(min(max(10 * taken, LONGEST), seconds_left() / ((ORDERS + 1) * self.seconds)))
        if not rises and count > 2 * taken and (taken < FEW or (taken <= LONGEST and rate >= usual)):
            found = list(
                self._accuse(
                    "undertrained",
                    0.87,
                    f"{taken} steps were taken in all",
                    self.step_line,
                    "more epochs, or smaller batches",
                    self._try_what_holds(count=count),
                )
            )
            yield from found
            if found:
                return
        self.patient.tested |= {"lr_too_high", "lr_too_low"}
        losses: dict[float, float] = {}
        found_at = 0
        for power in (1, 2, 3, 4, 5):
            for factor in (0.1**power, 10.0**power):
                losses[factor] = reached(self.retraining.run(self.count, 0, rate=factor))
            if found_at:  # one power further than the first that helps
                break
            found_at = power if min(losses.values()) < self.patient.idle - 3 * self.matters else 0
        best, *others = sorted(losses, key=lambda factor: losses[factor])
        if _narrow(self.first)[0] <= 3 and losses[best] > self._possible() + 3 * self.matters:
            return  # what the rate can do is little beside what more units can
        for factor in (best, *others[:2]):
            found = list(
                self._accuse(
                    "lr_too_high" if factor < 1 else "lr_too_low",
                    0.88,
                    f"the rate is {rate:g}; with {rate * factor:g} the same steps learn",
                    self.step_line,
                    f"a learning rate near {rate * factor:g}",
                    self._try(rate=factor) if factor < 1 else self._try_what_holds(rate=factor),
                )
            )
            yield from found
            if found:
                return

    def _changes(self) -> Iterator[Finding]:
        """Whether the training goes better with rows that are not changed at random."""
        before = self.patient.before_changes
        if before:
            yield from self._accuse(
                "augmentation_too_heavy",
                0.88,
                "the rows are changed at random before the model gets them, and it learns too little from them",
                self.patient.training_line,
                "milder changes: look at ten augmented rows and name their class yourself",
                self._try(prepare=lambda inputs: [before.get(id(value), value) for value in inputs]),
            )


def _narrow(step: Training) -> tuple[float, str]:
    """Return the units of the narrowest hidden layer, 0 if there is none, and the line of the layer."""
    layers = step.layers
    weights = [(t, call) for call in layers for t in call.tensors if is_parameter(t) and t.ndim > 1][:-1]
    widths = [(t.shape[-1] if call.name in _PRODUCTS else len(t), call.where) for t, call in weights]
    return min(widths) if widths else (0, layers[-1].where)


def _share_left(step: Step, backward: Backward) -> float:
    """Return the size of the gradients that a step used, as a share of what they were after backward()."""
    pairs = [(step.gradients.get(key), value) for key, value in backward.gradients.items()]
    sizes = [(float(used.norm()), float(made.norm())) for used, made in pairs if used is not None and made is not None]
    used, made = np.linalg.norm(np.array(sizes).reshape(-1, 2), axis=0)
    return float(used / made) if made > 0 else 1.0


def _dead_units(step: Training) -> str:
    """Say how many ReLU units give 0 for every row of the batch, if they are nearly all of a layer."""
    for call in step.calls:
        if call.name == "relu" and call.results and call.results[0].ndim == 2 and step.rows >= 16:
            silent = float((call.results[0] == 0).all(dim=0).double().mean())
            if silent > 0.9:
                return f"{silent:.0%} of the {call.results[0].shape[1]} units of a ReLU layer give 0 for every row"
    return ""


def check_capacity(patient: Patient) -> Iterator[Finding]:
    """Whether a network that falls behind, and that no re-run helped, has a bottleneck or no hidden layer."""
    patient.tested |= {"underfitting"}
    reference, (units, where) = patient.reference, _narrow(patient.steps[0])
    odds = patient.odds_in_training
    if reference is None or not reference.found or units > 3 or patient.retraining is None:
        return
    narrow = f"a layer has {units} units" if units else "there is no hidden layer"
    ranks = roc_auc_score(reference.labels, odds[reference.rows]) if odds is not None else 0.5
    yield Finding(
        "underfitting",
        "costs" if ranks > LEARNT else "root",
        0.8,
        f"{narrow}; the training loss ends at {patient.reached:.2f}, while a reference model ranks unseen rows "
        f"with a ROC AUC of {reference.auc:.2f}",
        where,
        "hidden layers of 16 units or more, with an activation",
        "no other change of a setting helped in a re-run",
    )
