"""What only the course of the training shows; every accusation of the data or the settings has to pass a re-run."""

import time
from collections.abc import Iterator
from math import inf, isfinite

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

from helpers.doctor.anatomy import Training, modules_of
from helpers.doctor.findings import Finding
from helpers.doctor.retraining import Retraining
from helpers.doctor.tables import Signal, Table, deviation, has_structure
from helpers.doctor.watch import Watch

MATTERS = 0.05  # nats of training loss: a twentieth of the probability given to the right answer
LONGEST = 300  # steps of a re-run


def idle_loss(steps: list[Training]) -> float:
    """Return the loss, through the learner's own lines, of the best answer that is the same for every row."""
    if steps[0].columns > 2:
        return inf
    found = []
    with torch.no_grad():
        for level in np.linspace(-5, 5, 21):
            losses = []
            for step in steps[:10]:
                sums = torch.full_like(step.sums, level)
                if step.columns == 2:
                    sums[:, 0] = 0
                losses.append(float(step.loss_of(sums).double().mean()))
            found.append(float(np.mean(losses)))
    return min((loss for loss in found if isfinite(loss)), default=inf)


def losses_of(seen: Watch) -> list[float]:
    """Return the loss at every backward(), as far as it is a single number."""
    return [float(backward.value) for backward in seen.backwards if backward.value.numel() == 1]


def reached(losses: list[float]) -> float:
    """Return the mean of the last tenth of the losses."""
    tail = losses[-max(1, len(losses) // 10) :]
    return float(np.mean(tail)) if all(map(isfinite, tail)) else inf


def learns(losses: list[float], idle: float) -> bool:
    """Whether the training loss ended clearly below the idle loss."""
    return reached(losses) < 0.9 * idle


def unsettled(losses: list[float], idle: float) -> bool:
    """Whether the last half of the training keeps falling back behind the idle loss."""
    last = losses[len(losses) // 2 :]
    windows = [float(np.mean(last[first : first + 20])) for first in range(0, len(last) - 19, 20)]
    return bool(windows) and float(np.mean([window > 1.3 * idle for window in windows])) > 0.1


def not_a_number(seen: Watch, losses: list[float]) -> Iterator[Finding]:
    """Whether the loss became NaN or infinite."""
    broken = next((number for number, loss in enumerate(losses) if not isfinite(loss)), None)
    if broken is not None:
        before = f", after {losses[broken - 1]:.3g}" if broken else ""
        yield Finding(
            "nan_loss",
            "root",
            0.6,
            f"the loss is {losses[broken]} at step {broken + 1} of {len(losses)}{before}",
            seen.backwards[broken].where,
            "a lower rate; BCEWithLogitsLoss instead of a logarithm by hand",
        )


class Suspects:
    """A training that does not learn, and the re-runs that tell why."""

    def __init__(
        self,
        seen: Watch,
        steps: list[Training],
        retraining: Retraining,
        table: Table | None,
        idle: float,
        budget: float,
    ) -> None:
        self.seen, self.steps, self.retraining, self.table, self.idle = seen, steps, retraining, table, idle
        self.ends = time.monotonic() + budget
        self.count = min(len(seen.steps), LONGEST)
        self.base = retraining.run(self.count)

    def findings(self, signal: Signal | None) -> Iterator[Finding]:
        """Yield what a re-run with one change shows to be the cause."""
        yield from self._features()
        yield from self._frozen()
        yield from self._start()
        yield from self._regularisation()
        yield from self._rate()
        if signal is not None and not signal.found:
            yield no_signal(signal, self.table)

    def _helps(self, loss: float) -> bool:
        return loss < min(self.base, self.idle) - MATTERS

    def _tried(self, loss: float) -> str:
        base = f"{self.base:.3f}" if isfinite(self.base) else "no number"
        return f"re-run of {self.count} steps from the same start, only this changed: loss {base} → {loss:.3f}"

    def _out_of_time(self) -> bool:
        return time.monotonic() > self.ends

    def _features(self) -> Iterator[Finding]:
        if self.table is None:
            return
        once = self.table.distinct().features
        mean, spread = once.mean(axis=0), once.std(axis=0)
        wide = spread[spread > 0]
        if not len(wide) or self._out_of_time():
            return
        largest, far = float(np.abs(once).max()), float(np.abs(mean[spread > 0] / wide).max())
        unlike = float(wide.max() / wide.min())
        if not (unlike > 30 or wide.max() > 20 or wide.max() < 0.05 or far > 20):
            return
        centre = torch.from_numpy(mean)
        width = torch.from_numpy(np.where(spread > 0, spread, 1.0))

        def prepare(x: torch.Tensor) -> torch.Tensor:
            return ((x.double().flatten(1) - centre) / width).reshape(x.shape).to(x.dtype)

        loss = self.retraining.run(self.count, prepare=prepare)
        if self._helps(loss):
            yield Finding(
                "unscaled_features",
                "root",
                0.93,
                f"the columns' standard deviations run from {wide.min():.2g} to "
                f"{wide.max():.2g}, the largest value is {largest:.3g}",
                self.steps[0].calls[0].where,
                "StandardScaler fitted on the training rows, applied to all",
                self._tried(loss),
            )

    def _frozen(self) -> Iterator[Finding]:
        frozen = [value for value in self.retraining.model.parameters() if not value.requires_grad]
        if frozen and not self._out_of_time():
            loss = self.retraining.run(self.count, thaw=True)
            if self._helps(loss):
                yield Finding(
                    "frozen_params",
                    "root",
                    0.9,
                    f"{sum(value.numel() for value in frozen):,} numbers of the model have requires_grad=False",
                    self.steps[0].layers[0].where,
                    "set requires_grad_(True) and give them to the optimizer",
                    self._tried(loss),
                )

    def _start(self) -> Iterator[Finding]:
        weights = [
            (name, value)
            for name, value in self.retraining.start.items()
            if value.ndim >= 2 and value.is_floating_point()
        ]
        layers = dict(self.retraining.model.named_modules())
        odd = []
        for name, value in weights:
            if not isinstance(layers.get(name.rpartition(".")[0]), nn.Linear | nn.Conv1d | nn.Conv2d):
                continue
            size = float(value.double().std()) * value[0].numel() ** 0.5  # 0.58 with PyTorch's default
            alike = len(value) > 1 and bool((value - value[0]).abs().max() == 0)
            if not 0.02 < size < 8 or alike:
                odd.append(f"{name}: " + ("all rows alike" if alike else f"{size / 0.577:.2g} times the usual spread"))
        if odd and not self._out_of_time():
            loss = self.retraining.run(self.count, renew=True)
            if self._helps(loss):
                yield Finding(
                    "bad_init",
                    "root",
                    0.92,
                    "initial weights of " + "; ".join(odd[:3]),
                    self.steps[0].layers[0].where,
                    "leave PyTorch's own initial weights",
                    self._tried(loss),
                )
                return
        dead = self._dead(self.steps[0])
        if dead and not odd and not self._out_of_time():
            loss = self.retraining.run(self.count, renew=True)
            if self._helps(loss):
                yield Finding(
                    "dead_relu",
                    "root",
                    0.9,
                    dead,
                    self.steps[0].layers[0].where,
                    "leave PyTorch's own initial biases",
                    self._tried(loss),
                )

    def _dead(self, step: Training) -> str:
        """Say how many ReLU units give 0 for every row of the batch, if they are nearly all of a layer."""
        for call in step.calls:
            if call.name == "relu" and call.results and call.results[0].ndim == 2 and step.rows >= 16:
                silent = float((call.results[0] == 0).all(dim=0).double().mean())
                if silent > 0.9:
                    return f"{silent:.0%} of the {call.results[0].shape[1]} units of a ReLU layer give 0 for every row"
        return ""

    def _regularisation(self) -> Iterator[Finding]:
        decay = max(float(group.get("weight_decay", 0) or 0) for group in self.retraining.optimizer.param_groups)
        if decay >= 0.02 and not self._out_of_time():
            loss = self.retraining.run(self.count, settings={"weight_decay": 0.0})
            if self._helps(loss):
                yield Finding(
                    "regularisation_too_strong",
                    "root",
                    0.9,
                    f"weight_decay is {decay:g}",
                    self.seen.steps[0].where,
                    "weight_decay=0, or a hundredth of it",
                    self._tried(loss),
                )
        drops = [module for module in modules_of(self.retraining.model, nn.Dropout) if module.p >= 0.75]  # type: ignore[operator]
        if drops and not self._out_of_time():
            before = [float(module.p) for module in drops]  # type: ignore[arg-type]
            for module in drops:
                module.p = 0.0  # type: ignore[assignment]
            try:
                loss = self.retraining.run(self.count)
            finally:
                for module, p in zip(drops, before, strict=True):
                    module.p = p  # type: ignore[assignment]
            if self._helps(loss):
                yield Finding(
                    "regularisation_too_strong",
                    "root",
                    0.9,
                    f"dropout silences {max(before):.0%} of the units",
                    self.steps[0].backward.where,
                    "dropout of 0.1 to 0.5",
                    self._tried(loss),
                )

    def _rate(self) -> Iterator[Finding]:
        if len(self.seen.steps) < 100 and not self._out_of_time():
            loss = self.retraining.run(10 * len(self.seen.steps))
            if self._helps(loss):
                yield Finding(
                    "undertrained",
                    "root",
                    0.85,
                    f"{len(self.seen.steps)} steps were taken in all",
                    self.seen.steps[0].where,
                    "more epochs, or smaller batches",
                    f"ten times the steps: loss {self.base:.3f} → {loss:.3f}",
                )
                return
        rate = self.seen.steps[0].rates[0]
        results: dict[float, float] = {}
        for factor in (0.1, 0.01, 0.001, 10.0, 100.0, 1000.0):
            if self._out_of_time():
                break
            results[factor] = self.retraining.run(self.count, rate=factor)
        if not results:
            return
        best = min(results, key=lambda factor: results[factor])
        if self._helps(results[best]):
            cause = "lr_too_high" if best < 1 else "lr_too_low"
            yield Finding(
                cause,
                "root",
                0.88,
                f"the rate is {rate:g}; with {rate * best:g} the same steps learn",
                self.seen.steps[0].where,
                f"a learning rate near {rate * best:g}",
                self._tried(results[best]),
            )


def no_signal(signal: Signal, table: Table | None) -> Finding:
    """Return what it means that no model finds anything: labels that went astray, or features that say nothing."""
    seen = (
        "neither a logistic regression nor boosted trees rank held-out rows better than chance: "
        f"ROC AUC {signal.best:.2f}, chance reaches {signal.chance:.2f} with {signal.rows} rows"
    )
    if table is not None and has_structure(table):
        return Finding(
            "labels_misaligned",
            "root",
            0.7,
            f"{seen}; yet the columns hang together as real data do",
            "unknown",
            "follow features and labels back to where they were sorted, merged or shuffled apart",
            "can't be undone from here",
        )
    return Finding(
        "weak_signal",
        "root",
        0.75,
        seen,
        "unknown",
        "other features; no training will help",
        "can't be tried: nothing to change in the code",
    )


def auc(scores: np.ndarray, table: Table) -> float:
    """Return the ROC AUC of scores for the table's rows."""
    return float(roc_auc_score(table.labels, scores))


def uncertainty(table: Table) -> float:
    """Return how far above 0.5 chance brings the AUC in one of 1,000 tables of this size."""
    return 3.1 * deviation(table.labels)


def at_chance(scores: np.ndarray, table: Table) -> bool:
    """Whether scores rank the rows no better than chance may."""
    return auc(scores, table) < 0.5 + uncertainty(table)


def ranking(model: nn.Module, table: Table, dtype: torch.dtype) -> np.ndarray | None:
    """Return the model's scores for the rows, in eval mode, shape [rows], or None if it does not give one per row."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            output = model(torch.from_numpy(table.features).to(dtype).reshape(-1, *table.shape))
    except (RuntimeError, TypeError, ValueError, AttributeError):
        return None
    finally:
        for module, mode in modes:
            module.training = mode
    if not isinstance(output, torch.Tensor) or not bool(output.isfinite().all()):
        return None
    if output.ndim == 2 and output.shape[1] == 2:
        return (output[:, 1] - output[:, 0]).double().numpy()
    return output.double().reshape(-1).numpy() if output.numel() == len(table.labels) else None


def check_rare_class(scores: np.ndarray, table: Table) -> Iterator[Finding]:
    """Whether scores that rank well never reach the threshold."""
    positives = int(table.labels.sum())
    if positives < 15 or len(table.labels) - positives < 15:
        return
    ranks = auc(scores, table)
    probabilities = scores.min() >= 0 and scores.max() <= 1
    called = scores > (0.5 if probabilities else 0.0)
    recalls = [float((called == label)[table.labels == label].mean()) for label in (0, 1)]
    worst = min(recalls)
    rare = min(table.prevalence, 1 - table.prevalence)
    if ranks > 0.7 and worst < 0.15:
        cause = "imbalance" if rare < 0.2 else "threshold_not_tuned"
        yield Finding(
            cause,
            "root" if worst < 0.05 else "costs",
            0.8,
            f"the scores rank well (ROC AUC {ranks:.2f}), but at "
            f"the usual threshold only {worst:.0%} of one class are called; it is {rare:.1%} of the rows",
            "unknown",
            "choose the threshold on validation rows, or give positives a weight",
        )
