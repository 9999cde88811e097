"""What is known of a watched training, worked out when it is first asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from math import inf, isfinite, nan
from typing import Any

import numpy as np
import torch
from scipy.stats import sem
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from helpers.doctor import contracts, references, tables
from helpers.doctor.anatomy import Evaluation, Training, asked_again, evaluating, line_of
from helpers.doctor.budget import NoRerun
from helpers.doctor.by_hand import steps_down
from helpers.doctor.findings import Finding
from helpers.doctor.layouts import Layout
from helpers.doctor.readout import Reading, read_cuts
from helpers.doctor.record import Record, Step
from helpers.doctor.references import Reference
from helpers.doctor.retraining import Retraining, kept
from helpers.doctor.tables import Table
from helpers.doctor.tape import Tape, leading_to
from helpers.doctor.watch import TAPED_EVALUATIONS

BETTER, ALIKE = 0.05, 0.03  # of ROC AUC
LONGEST = 200  # steps of a re-run that asks whether there is anything to learn


class Patient:
    """The training of one model: its steps and evaluations on the tape, its data, what references find in them.

    found: findings so far. tested: causes that were looked for. untested: what could not be looked for, and why.
    """

    def __init__(self, seen: Record, steps: list[Training], evaluated: list[Evaluation]) -> None:
        self.seen, self.steps, self.evaluated = seen, steps, evaluated
        self.found: list[Finding] = []
        self.tested: set[str] = set()
        self.untested: list[str] = []

    @property
    def roots(self) -> set[str]:
        """The causes found that keep the network from learning or its results from being right."""
        return {finding.cause for finding in self.found if finding.severity == "root"}

    @property
    def has_root(self) -> bool:
        """Whether there is such a cause."""
        return bool(self.roots)

    @property
    def model(self) -> nn.Module | None:
        """The model that the features enter."""
        return self.steps[0].forward.model if self.steps[0].forward else None

    @property
    def training_line(self) -> str:
        """The learner's line at which rows enter the model in training."""
        first = self.steps[0]
        return first.forward.where if first.forward else line_of(first.calls)

    @property
    def loss_line(self) -> str:
        """The learner's line at which labels enter the loss."""
        step = self.steps[0]
        return step.loss.where if step.loss else line_of(step.path)

    @property
    def evaluation_line(self) -> str:
        """The learner's line at which rows enter the model in evaluation."""
        return self.evaluated[0].forward.where if self.evaluated else "unknown"

    @cached_property
    def unbroken(self) -> list[Training]:
        """The steps before the tape first rested: of those on it later, what came before the model is not known."""
        first = {id(backward) for backward in self.seen.backwards[: self.seen.unbroken]}
        return [step for step in self.steps if id(step.backward) in first] or self.steps

    @cached_property
    def taken(self) -> list[Step]:
        """The steps of the optimizer, or of the learner's own lines in its place."""
        return self.seen.steps or steps_down(self.seen)

    # ------------------------------------------------------------ the loss

    @cached_property
    def losses(self) -> list[float]:
        """The loss at every backward(), as far as it is a single number; minus what the optimizer maximises."""
        sign = -1 if self.steps[0].maximised else 1
        values = [backward.value for backward in self.seen.backwards]
        return [sign * float(value) for value in values if isinstance(value, float) or value.numel() == 1]

    @cached_property
    def reached(self) -> float:
        """The mean of the last tenth of the losses."""
        tail = self.losses[-max(1, len(self.losses) // 10) :]
        return float(np.mean(tail)) if tail and all(map(isfinite, tail)) else inf

    @cached_property
    def idle(self) -> float:
        """The loss, through the learner's own lines, of the best answer that is the same for every row."""
        if self.steps[0].columns > 2:
            return inf
        found = []
        with torch.no_grad():
            for level in np.linspace(-5, 5, 21):
                losses = []
                for step in self.steps[:10]:
                    sums = torch.full_like(step.sums, level)
                    if step.columns == 2:
                        sums[:, 0] = 0
                    losses.append(float(step.loss_of(sums).double().mean()))
                found.append(float(np.mean(losses)))
        return min((loss for loss in found if isfinite(loss)), default=inf)

    @property
    def unit_of_loss(self) -> float:
        """How small the learner's loss is beside a cross entropy, 1 at most: the idle loss over the labels' entropy."""
        share = self.fed.prevalence if self.fed is not None and self.fed.both_classes else 0.5
        entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
        return float(min(1.0, self.idle / entropy))

    @property
    def learns(self) -> bool:
        """Whether the training loss ended clearly below the idle loss, or the network is mostly sure of rows held out,
        as where later batches are harder than those on the tape."""
        return self.reached < 0.9 * self.idle or self.sure(0.5)

    @property
    def unsettled(self) -> bool:
        """Whether the last half of the training keeps falling back behind the idle loss, and it comes to nothing."""
        if self.sure(0.5):
            return False
        last = self.losses[len(self.losses) // 2 :]
        windows = [float(np.mean(last[first : first + 20])) for first in range(0, len(last) - 19, 20)]
        return bool(windows) and float(np.mean([window > 1.3 * self.idle for window in windows])) > 0.1

    # ------------------------------------------------------------ the data

    @cached_property
    def layout(self) -> Layout | None:
        """How rows stand in the tensors that enter the model; None if there is no one way."""
        return tables.common_layout(self.steps, self.evaluated)

    @cached_property
    def fed(self) -> Table | None:
        """The batches of the steps on the tape as the model got them; None if they are no tables of finite numbers."""
        table = tables.training_table(self.steps, self.layout)
        return table if table is not None and np.isfinite(table.features).all() else None

    @cached_property
    def augmented(self) -> bool:
        """Whether the learner's code changes the rows at random before the model gets them."""
        return self._plain is not None

    @cached_property
    def before_changes(self) -> dict[int, Tensor]:
        """The rows of the batches on the tape as they were before random changes, by the id of what the model got."""
        return tables.before_changes(self.steps, self.seen.calls)

    @cached_property
    def _plain(self) -> Table | None:
        table = tables.training_table(self.steps, self.layout, self.before_changes)
        return table if table is not None and np.isfinite(table.features).all() else None

    @property
    def mixed(self) -> bool:
        """Whether labels are mixed from several rows."""
        targets = [step.targets for step in self.steps[:5] if step.targets is not None]
        return any(values.unique().numel() > 2 for values in targets) or any(step.mixes for step in self.steps[:5])

    @cached_property
    def renewed(self) -> bool:
        """Whether a second pass through the learner's DataLoader gives other rows than the first."""
        rows = self.seen.pass_rows
        if rows is None or self.fed is None or self.mixed or len(self.fed.labels) < 1.3 * rows:
            return False
        return len(np.unique(self.fed.features, axis=0)) > 1.15 * rows

    @property
    def batches(self) -> Table | None:
        """The batches of the steps on the tape, before random changes; None if they are no tables of finite numbers."""
        return self._plain or self.fed

    @cached_property
    def table(self) -> Table | None:
        """The training rows, each once; None if they are no table or not of both classes.

        All of them, in the learner's order, if the batches were drawn from a tensor; else those on the tape.
        """
        if self.batches is None or not self.batches.both_classes:
            return None
        if self.whole is not None:
            return self.whole.distinct()
        rows = self.batches.distinct()
        if self.drawn_from is not None and self.misplaced <= tables.MISPLACED:
            drawn = self.drawn_from.among(self.batches)
            if drawn.both_classes and len(drawn.labels) <= len(rows.labels):
                return drawn
        return rows.first(self.seen.pass_rows or len(rows.labels))

    @cached_property
    def drawn_from(self) -> Table | None:
        """The tensors that rows and labels of the batches were drawn from; None if there are none."""
        found = tables.drawn_from(self.unbroken, tables.makers_of(self.seen.calls), self.layout)
        return found if found is not None and np.isfinite(found.features).all() and found.both_classes else None

    @cached_property
    def misplaced(self) -> float:
        """The share of the rows of the batches that have another label there than where they were drawn from."""
        if self.batches is None or self.drawn_from is None:
            return 0.0
        return tables.misplaced(self.batches, self.drawn_from)

    @cached_property
    def whole(self) -> Table | None:
        """The same, if they hold the training rows alone, and rows and labels in the same order."""
        found, batches = self.drawn_from, self.batches
        if found is None or batches is None or self.misplaced > tables.MISPLACED:
            return None
        covered = tables.shared(found, batches)
        for part in self._evaluated:
            if part.layout == found.layout:
                inside, trained = tables.shared(part, found), tables.shared(part, batches)
                if inside > 0.02 and trained < 0.5 * inside * covered:
                    return None  # it holds rows that are never trained on, too
        return found

    @cached_property
    def _evaluated(self) -> list[Table]:
        views = tables.changed_views(self.evaluated, self.seen.calls)
        evaluated = [one for one in self.evaluated if id(one) not in views]
        parts = [tables.evaluation_table(one, self.layout, self.drawn_from) for one in evaluated]
        return tables.agreeing([part for part in parts if part is not None and np.isfinite(part.features).all()])

    @cached_property
    def complete(self) -> bool:
        """Whether the table holds all training rows: it is the learner's tensor, or a second pass has begun."""
        assert self.table is not None and self.batches is not None
        if self.table.source is not None or len(self.batches.batches) < len(self.steps):
            return True
        rows = tables.training_table(self.unbroken, self.layout, self.before_changes or None)
        return rows is not None and len(rows.distinct().labels) < 0.95 * len(rows.labels)

    @cached_property
    def _like_training(self) -> list[Table]:
        """The rows of the evaluations that stand in their tensors as those of the training do."""
        return [part for part in self._evaluated if self.table is not None and part.layout == self.table.layout]

    @cached_property
    def _of_others(self) -> list[Table]:
        """Those of them that hold other rows than the training, or are meant to."""
        if self.table is None:
            return []
        found = self._like_training
        overlaps = {id(part): tables.shared(part, self.table) for part in found}
        others = [part for part in found if overlaps[id(part)] < 0.98]
        if any(overlaps[id(part)] < 0.02 for part in others):  # beside what was drawn from, as a pool to choose from
            others = [part for part in others if tables.shared(self.table, part) < 0.98]
        if not self.complete and min(overlaps.values(), default=1.0) < 0.05:
            others = [part for part in others if overlaps[id(part)] < 0.5]  # the rest of them were trained on later
        if self._alike_by_chance and not others:
            others = [part for part in found if not tables.same_rows(part, self.table)]
        return [part for part in others if part.labelled] or others

    @property
    def _alike_by_chance(self) -> bool:
        """Whether rows that are equal may be different ones."""
        return self.whole is not None and self.whole.alike_by_chance

    @property
    def twins(self) -> float:
        """The share of the rows that equal another one in the tensors that they were drawn from; where there are none,
        what the rows for evaluation let expect of as many rows as the training has."""
        if self.drawn_from is not None:
            return self.drawn_from.twins
        if self.table is None or not self._of_others:
            return 0.0
        judged = tables.together(self._of_others, alike_by_chance=True)
        return min(1.0, judged.twins * len(self.table.labels) / len(judged.labels))

    @cached_property
    def held_out(self) -> Table | None:
        """The rows of the evaluations, each once; None if there are none, or no others than those of the training."""
        if self.table is None:
            return None
        if self._of_others:
            return tables.together(self._of_others, self._alike_by_chance)
        # training rows alone: all of them, a usual look at them, or a part of them that was meant to be held out
        size = len((self.whole or self.table).labels)
        parts = [part for part in self._like_training if len(part.labels) < 0.9 * size]
        if not parts:
            return None
        whole = tables.together(parts)
        if len(self.evaluated) >= TAPED_EVALUATIONS:
            half = tables.together(parts[: len(parts) // 2 + 1])
            if len(half.labels) != len(whole.labels):  # there may have been others later
                return None
        return whole if len(whole.labels) < 0.9 * len(self.table.labels) or size > len(self.table.labels) else None

    @property
    def judges(self) -> Table | None:
        """The rows held out, if their labels are known and there are enough of both to judge by."""
        rows = self.held_out
        return rows if rows is not None and rows.labelled and rows.both_classes and len(rows.labels) >= 60 else None

    @cached_property
    def reference(self) -> Reference | None:
        """What a logistic regression and boosted trees find in the training rows; None for too few rows."""
        return None if self.table is None else references.reference(self.table)

    def plain_odds(self, table: Table) -> np.ndarray | None:
        """Return the log odds that a plain model fitted to the training rows gives for others, shape [rows]; None if
        they are too few for any."""
        if self.reference is not None:
            return self.reference.log_odds(table.features)
        plain = None if self.table is None else references.of_few(self.table)
        return None if plain is None else references.logit(plain.predict_proba(table.features)[:, 1])

    @cached_property
    def elsewhere(self) -> Reference | None:
        """The same of the rows held out by themselves; None for too few, or if they are no rows like these."""
        rows = self.judges
        fits = rows is not None and self.table is not None and rows.layout == self.table.layout
        return references.reference(rows) if rows is not None and fits else None

    @cached_property
    def across(self) -> tuple[float, float, float]:
        """How well the reference of the training rows ranks the rows held out, and theirs the training rows (ROC AUC),
        and the standard deviation of a difference of such; both references have to be known."""
        assert self.table is not None and self.judges is not None
        assert self.reference is not None and self.elsewhere is not None
        there = float(roc_auc_score(self.judges.labels, self.reference.log_odds(self.judges.features)))
        back = float(roc_auc_score(self.table.labels, self.elsewhere.log_odds(self.table.features)))
        spread = np.hypot(references.deviation(self.judges.labels), references.deviation(self.reference.labels))
        return there, back, float(spread)

    @cached_property
    def outdoes_reference(self) -> bool:
        """Whether the network ranks rows held out far better than the reference does: then the reference's errors, and
        what it does not find, are its own."""
        if self.judges is None or self.odds_held_out is None or self.reference is None:
            return False
        there = self.reference.log_odds(self.judges.features)
        ranks = [float(roc_auc_score(self.judges.labels, odds)) for odds in (self.odds_held_out, there)]
        spread = references.deviation(self.judges.labels)
        return ranks[0] > ranks[1] + max(BETTER, 2 * spread) and ranks[0] > 0.5 + 3 * spread

    # ------------------------------------------------------------ the network as it is now

    @property
    def copy(self) -> nn.Module | None:
        """What was evaluated last, if it is a copy of the model, as an average of its weights or its best state is."""
        if not self.evaluated or self.model is None:
            return None
        last, mine = self.evaluated[-1].forward.model, {id(value) for value in self.model.parameters()}
        return None if any(id(value) in mine for value in last.parameters()) else last

    def log_odds(self, table: Table, network: nn.Module | None = None) -> np.ndarray | None:
        """Return the log odds of label 1, in eval mode, shape [rows], of the model or of a network built like it; None
        if it gives none."""
        first, network = self.steps[0], network or self.model
        if network is None or first.features is None or first.more_of_rows:
            return None
        if first.output is None and len(table.layout.inputs) > 1:
            return None
        rows = table.features
        size = first.rows if table.layout.ragged else 1024  # short rows are filled up more beside many others
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        if table.layout.ragged:
            parts[-1] = np.resize(parts[-1], (size, rows.shape[1]))  # rows apart are always as many
        try:
            with evaluating(network):
                if first.output is None:
                    probable = False
                    output = asked_again(
                        first, first.features, torch.from_numpy(rows), as_fed=lambda some: table.layout.tensors(some)[0]
                    )
                else:
                    with Tape([]) as tape:
                        answers = [first.answer(network, table.as_fed(parts[0]))]
                    names = [call.name for call in leading_to(tape.calls, answers[0])]
                    probable = first.takes_probabilities or "sigmoid" in names[-3:]
                    answers += [first.answer(network, table.as_fed(part)) for part in parts[1:]]
                    output = torch.cat(answers)[: len(rows)]
        except (RuntimeError, TypeError, ValueError, AttributeError, IndexError):
            return None
        return _log_odds(output, probable) if len(output) == len(rows) and bool(output.isfinite().all()) else None

    @cached_property
    def odds_in_training(self) -> np.ndarray | None:
        """The network's log odds for the training rows, shape [rows]."""
        return None if self.table is None else self.log_odds(self.table)

    @cached_property
    def odds_held_out(self) -> np.ndarray | None:
        """The log odds for the rows held out whose labels are known, by what was evaluated last, shape [rows]."""
        return None if self.judges is None else self.log_odds(self.judges, self.copy)

    @cached_property
    def odds_as_fed(self) -> np.ndarray | None:
        """The network's log odds for the rows that it got in training, shape [rows]."""
        return None if self.fed is None else self.log_odds(self.fed)

    @cached_property
    def ranks_better(self) -> float:
        """By how much the network ranks the rows that it got in training better than those held out (difference of the
        ROC AUC); NaN if that is not known."""
        own, there = self.odds_as_fed, self.odds_held_out
        if self.fed is None or own is None or not self.fed.both_classes or self.judges is None or there is None:
            return nan
        return float(roc_auc_score(self.fed.labels, own) - roc_auc_score(self.judges.labels, there))

    @cached_property
    def lost_held_out(self) -> np.ndarray | None:
        """The network's log loss of each row held out, shape [rows]."""
        if self.judges is None or self.odds_held_out is None:
            return None
        return references.log_losses(self.odds_held_out, self.judges.labels)

    def sure(self, share: float) -> bool:
        """Whether the network's log loss on rows held out is less than this share of what the same answer for every row
        costs there."""
        if self.judges is None or self.lost_held_out is None:
            return False
        idle = references.log_losses(references.logit(self.judges.prevalence), self.judges.labels)
        return bool(self.lost_held_out.mean() < share * idle.mean())

    @property
    def ranks_as_well(self) -> bool:
        """Whether the network is mostly sure of rows held out, and ranks them as well as those that it got."""
        return self.sure(0.5) and self.ranks_better < ALIKE

    @property
    def knows_both(self) -> bool:
        """Whether it also ranks them far better than the reference, and not better than those that it got: the labels
        of both are as right."""
        return self.outdoes_reference and self.ranks_as_well and self.ranks_better > -ALIKE

    @cached_property
    def holds(self) -> bool:
        """Whether the network has learnt something that holds for rows held out as it does for those that it got."""
        own, there = self.odds_as_fed, self.lost_held_out
        if self.fed is None or own is None or there is None:
            return False
        before = references.log_losses(own, self.fed.labels)
        chance = 2 * float(np.hypot(sem(before), sem(there)))
        return self.sure(0.9) and bool(there.mean() < before.mean() + max(0.02, chance))

    @cached_property
    def reading(self) -> Reading:
        """What the learner's lines do with outputs that have left PyTorch."""
        return Reading(self.evaluated)

    @cached_property
    def _cuts(self) -> set[float | None]:
        return contracts.learners_cut(self.steps[0], self.evaluated) | read_cuts(self.steps[0], self.reading)

    @property
    def cut(self) -> float | None:
        """The log odds above which the learner's code takes rows for label 1, 0 if it is not to be seen; None if it
        tries several."""
        return next(iter(self._cuts)) if len(self._cuts) == 1 else 0.0 if not self._cuts else None

    @property
    def decides(self) -> bool:
        """Whether the learner's code calls rows positive or negative, as far as that is to be seen: it may use their
        scores alone."""
        return not self.evaluated or bool(self._cuts)

    @contextmanager
    def at_start(self) -> Iterator[None]:
        """Put the model back to its initial weights; afterwards all is as it was."""
        if self.model is None:
            yield
            return
        with kept(self.model):
            self.model.load_state_dict(self.seen.start.get(id(self.model), {}), strict=False)
            yield

    # ------------------------------------------------------------ trying again

    @cached_property
    def retraining(self) -> Retraining | None:
        """The training, ready to be run again; None, with the reason among the untested, if that is not possible."""
        optimizer = self.taken[0].optimizer if self.taken else self.seen.optimizer
        try:
            return Retraining(self.steps, self.seen.start, optimizer)
        except ValueError as error:
            self.untested.append(f"re-runs: {error}")
            return None

    @cached_property
    def learns_at_another_rate(self) -> bool:
        """Whether a re-run at another rate ranks rows held out better than by chance: there is a signal. This is asked
        of images and sequences, in whose patterns reference models may find none."""
        if self.judges is None or self.retraining is None or not (self.judges.codes or len(self.judges.shape) > 1):
            return False
        chance = 0.5 + 4 * references.deviation(self.judges.labels)
        for rate in (0.1, 10.0):
            try:
                odds = self.trained_again(self.judges, min(len(self.taken), LONGEST), 0, rate=rate)[1]
            except NoRerun:
                return False
            if odds is not None and roc_auc_score(self.judges.labels, odds) > chance:
                return True
        return False

    def trained_again(
        self, rows: Table, count: int, order: int, **change: Any
    ) -> tuple[list[float], np.ndarray | None]:
        """Return the losses of a re-run, and the log odds that the network gives for these rows after it, shape [rows].

        Raises what `Retraining.run` raises; the arguments are its own.
        """
        assert self.retraining is not None
        found: list[np.ndarray | None] = []
        losses = self.retraining.run(count, order, afterwards=lambda: found.append(self.log_odds(rows)), **change)
        return losses, found[0]


def _log_odds(output: Tensor, probable: bool) -> np.ndarray | None:
    """Return outputs as log odds of label 1. probable: whether a single output per row is taken for a probability."""
    values = output.double()
    if values.ndim == 2 and values.shape[1] == 2:
        shares = bool((values >= 0).all()) and bool((values.sum(dim=1) - 1).abs().max() < 1e-3)
        values = values.clamp(1e-12).log() if shares else values
        return (values[:, 1] - values[:, 0]).numpy()
    if values.numel() != len(values):
        return None
    values = values.reshape(-1)
    if probable and bool((values >= 0).all()) and bool((values <= 1).all()):
        values = torch.logit(values, eps=1e-7)
    return values.numpy()
