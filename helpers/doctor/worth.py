"""What the trained network is worth: on rows held out, for the rarer class, in eval mode."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.special import expit
from scipy.stats import sem
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_recall_curve, roc_auc_score, roc_curve
from sklearn.model_selection import StratifiedShuffleSplit

from helpers.doctor import contracts
from helpers.doctor.anatomy import NORMS, modules_of
from helpers.doctor.budget import NoRerun
from helpers.doctor.findings import DIRECT, Finding, Severity
from helpers.doctor.patient import Patient
from helpers.doctor.references import deviation, log_losses, logit
from helpers.doctor.retraining import ORDERS, kept
from helpers.doctor.tables import Table

MATTERS = 0.1  # nats of log loss on rows held out
BEHIND = 0.08  # of ROC AUC
RARE = 10  # rows of a class that tell where the threshold should be
SURE = 4.0  # log odds of a sure answer
EARLIEST, LONGEST = 10, 600  # steps of a training that is stopped earlier


def falls_behind(patient: Patient) -> bool:
    """Whether the network does far worse on its own training rows than a reference does on rows that it has not seen:
    in ranking them or, if its loss is plain, in log loss."""
    reference, odds, table = patient.reference, patient.odds_in_training, patient.table
    if reference is None or odds is None or table is None or not reference.found:
        return False
    if any(finding.cause == "functional_dropout" for finding in patient.found):
        return False  # what it answers is left to chance, in eval mode, too
    odds = odds[reference.rows]
    own = roc_auc_score(reference.labels, odds)
    if reference.auc - own > BEHIND + deviation(reference.labels):
        return True
    pull = contracts.relative_pull(patient.steps)
    if patient.steps[0].loss is None or pull is None or not 0.5 < pull < 2:
        return False
    fed = patient.fed if patient.fed is not None and patient.fed.both_classes else table
    resampled = logit(table.prevalence) - logit(fed.prevalence)  # other shares of the classes in the first batches
    lost = min(float(log_losses(odds + shift, reference.labels).mean()) for shift in (0.0, resampled))
    possible = float(log_losses(reference.odds, reference.labels).mean())
    return lost > possible + 2 * MATTERS and lost > 1.5 * possible


def _idle(share: float) -> float:
    """Return the log loss of the same answer for every row, given the share of rows labelled 1."""
    return float(-share * np.log(share) - (1 - share) * np.log(1 - share))


def check_overfitting(patient: Patient) -> Iterator[Finding]:
    """Whether the network is far worse on rows held out than on its own, and than a plain model there, or than it was
    after a part of its steps."""
    rows, odds, own = patient.judges, patient.odds_held_out, patient.odds_in_training
    if rows is None or odds is None or own is None or patient.table is None:
        return
    if any(finding.cause == "train_mode_missing" for finding in patient.found):
        return  # which memorises, too
    patient.tested |= {"overfitting"}
    share, other = patient.table.prevalence, rows.prevalence
    resampled = logit(other) - logit(share)  # other shares of the classes are no memory
    lost = log_losses(odds + resampled, rows.labels)
    memorised = log_losses(own, patient.table.labels).mean()
    if lost.mean() - memorised <= 2 * MATTERS or memorised >= 0.7 * _idle(share):
        return
    idle = log_losses(np.full(len(rows.labels), logit(other)), rows.labels)
    known = patient.plain_odds(rows)
    plain = idle if known is None else log_losses(known + resampled, rows.labels)
    better = plain if plain.mean() < idle.mean() else idle
    excess = lost - better
    bounded = log_losses(np.clip(odds + resampled, -SURE, SURE), rows.labels) - better  # not decided by a few rows
    by_heart = memorised < 0.1 * _idle(share) and lost.mean() > idle.mean()  # which needs less proof beside
    certain = bounded.mean() > (2.3 if by_heart else 3.3) * sem(bounded)
    shown = bool(excess.mean() > MATTERS and certain)
    earlier = _stopped_earlier(patient, rows, lost, resampled)
    if shown or earlier:
        useless = lost.mean() > idle.mean()
        worse = "the same answer for every row" if useless else "a plain reference model"
        yield Finding(
            "overfitting",
            "root" if useless and shown else "costs",
            0.85 if shown else 0.8,
            f"the log loss is {memorised:.2f} on training rows and {lost.mean():.2f} on rows held out, where "
            + ("" if known is None else f"a reference fitted to the same rows reaches {plain.mean():.2f} and ")
            + f"a constant reaches {idle.mean():.2f}"
            + (f": worse than {worse}" if shown else ""),
            patient.training_line,
            "stop at the lowest validation loss; a smaller network, weight decay or more rows",
            earlier or DIRECT,
            measured={
                "log loss, training rows": float(memorised),
                "log loss, rows held out": float(lost.mean()),
                **({} if known is None else {"reference model, held out": float(plain.mean())}),
                "the same answer for every row": float(idle.mean()),
            },
        )


def _stopped_earlier(patient: Patient, rows: Table, lost: np.ndarray, resampled: np.ndarray) -> str:
    """Say by how much the log loss on rows held out is lower after a part of the steps from the same start, in every
    order of the batches; nothing if it is not, or if that can't be tried.

    lost: the log loss of each row at the end. resampled: what to add to the network's log odds.
    """
    taken = len(patient.losses)
    parts = {min(taken // part, LONGEST) for part in (2, 4, 8, 16, 32)}
    counts = sorted(count for count in parts if count >= EARLIEST)
    if patient.retraining is None or not counts:
        return ""

    def lost_after(count: int, order: int) -> np.ndarray:
        _, odds = patient.trained_again(rows, count, order)
        return lost if odds is None else log_losses(odds + resampled, rows.labels)

    try:
        best = min(counts, key=lambda count: lost_after(count, 0).mean())
        found = [lost_after(best, order) for order in range(1, ORDERS + 1)]
    except NoRerun:
        return ""
    gains = [lost - losses for losses in found]
    if not all(gain.mean() > max(MATTERS, 2 * sem(gain)) for gain in gains):
        return ""
    return (
        f"{best} steps from the same start instead of {taken}, {ORDERS} orders of the batches: log loss on rows held "
        f"out {lost.mean():.2f} → {np.mean(found):.2f}"
    )


def check_rare_class(patient: Patient) -> Iterator[Finding]:
    """Whether scores that rank well never reach the threshold for one of the classes."""
    table, odds = patient.judges, patient.odds_held_out
    if odds is None or _of_rarer(table) < RARE:
        table, odds = patient.table, patient.odds_in_training
    if table is None or odds is None or _of_rarer(table) < RARE:
        return
    if patient.cut is None:
        patient.untested.append("the threshold: the code tries several")
        return
    patient.tested |= {"imbalance", "threshold_not_tuned"}
    ranks = float(roc_auc_score(table.labels, odds))
    called = odds > patient.cut
    recalls = [float((called == label)[table.labels == label].mean()) for label in (0, 1)]
    shown = f"the scores rank well (ROC AUC {ranks:.2f})"
    if ranks > 0.65 and min(recalls) < 0.2:
        yield from _forgotten(patient, odds, table, shown, recalls, ranks)
    elif ranks > 0.65 and patient.judges is table:
        yield from _threshold(patient, odds, table, shown)


def _forgotten(
    patient: Patient, odds: np.ndarray, table: Table, shown: str, recalls: list[float], ranks: float
) -> Iterator[Finding]:
    """Why one class is hardly ever called: the loss weighs the other far more, it is rare, or the threshold is off."""
    pull, forgotten = contracts.relative_pull(patient.steps) or 1.0, int(np.argmin(recalls))
    severity: Severity = "note" if not patient.decides else "root" if min(recalls) < 0.05 else "costs"
    measured = {"recall of label 0": recalls[0], "recall of label 1": recalls[1], "ROC AUC": ranks}
    if (pull if forgotten == 0 else 1 / pull) > 4:
        yield Finding(
            "class_weights_wrong",
            severity,
            0.85,
            f"{shown}, but only {min(recalls):.0%} of the rows labelled {forgotten} are called so; in the loss a "
            f"positive pulls {pull:.3g} times as hard as a negative",
            patient.loss_line,
            "pos_weight = negatives / positives, or none",
            measured=measured,
        )
        return
    rare = min(table.prevalence, 1 - table.prevalence)
    usual = rare < 0.2 and patient.cut == 0
    first, second = ("imbalance", "threshold_not_tuned") if usual else ("threshold_not_tuned", "imbalance")
    finding = Finding(
        first,
        severity,
        0.8,
        f"{shown}, but at {_threshold_of(patient)} only {recalls[forgotten]:.0%} of label {forgotten} are called so; "
        f"the rarer label is that of {rare:.1%} of the rows",
        patient.evaluation_line if patient.evaluated else patient.loss_line,
        f"choose the threshold on validation rows: {_best_cut(patient, odds, table)}",
        measured=measured,
    )
    yield finding
    if rare < 0.4:
        yield replace(finding, cause=second, severity="note", confidence=0.4)  # the same, seen from the other side


def _threshold(patient: Patient, odds: np.ndarray, table: Table, shown: str) -> Iterator[Finding]:
    """Whether the threshold calls far more or far fewer rows positive than are, and another has a far better F1; or
    at least a far better balanced accuracy, or the classes had other shares in training, which may be as it should."""
    now_at = patient.cut or 0.0
    rate = float((odds > now_at).mean())
    now, tuned = _worth_of_tuning(odds, table.labels, now_at)
    trained = patient.batches.prevalence if patient.batches is not None else table.prevalence
    other_shares = abs(logit(trained) - logit(table.prevalence)) > 1.2
    fits = 0.6 < rate / table.prevalence < 1.7
    misfit = tuned.f1 > now.f1 + 0.03 if other_shares else (not fits and tuned.f1 > now.f1 + 0.05)
    if not misfit and (fits or not other_shares) and tuned.balanced_accuracy < now.balanced_accuracy + 0.05:
        return
    below = rate < table.prevalence and now_at == 0 and not other_shares
    forgotten = below and table.prevalence < (0.1 if misfit else 0.2)
    finding = Finding(
        "imbalance" if forgotten else "threshold_not_tuned",
        "costs" if misfit and patient.decides else "note",
        0.8 if misfit else 0.4,
        f"{shown}, but at {_threshold_of(patient)} {rate:.0%} of the rows are called positive, and "
        f"{table.prevalence:.1%} are ({trained:.1%} in training); with a threshold chosen on other rows, the F1 is "
        f"{tuned.f1:.2f} instead of {now.f1:.2f}, the balanced accuracy {tuned.balanced_accuracy:.2f} instead of "
        f"{now.balanced_accuracy:.2f}",
        patient.evaluation_line,
        f"choose the threshold on validation rows: {_best_cut(patient, odds, table)}",
        measured={"F1 at the threshold used": now.f1, "F1 at a chosen one": tuned.f1},
    )
    yield finding
    if forgotten:
        yield replace(finding, cause="threshold_not_tuned", severity="note", confidence=0.4)


@dataclass(frozen=True)
class _Worth:
    """What a threshold is worth, by two metrics."""

    f1: float
    balanced_accuracy: float


def _worth_of_tuning(odds: np.ndarray, labels: np.ndarray, cut: float) -> tuple[_Worth, _Worth]:
    """Return what this cut is worth, and the one that is best on the other half of the rows by each metric: means of 20
    splits into halves."""
    found = []
    for one, other in StratifiedShuffleSplit(20, train_size=0.5, random_state=0).split(odds[:, None], labels):
        precision, recall, cuts = precision_recall_curve(labels[one], odds[one])
        best = cuts[int(np.argmax(precision[:-1] * recall[:-1] / (precision[:-1] + recall[:-1] + 1e-12)))]
        false, true, levels = roc_curve(labels[one], odds[one])
        balanced = levels[int(np.argmax(true - false))]
        truth, values = labels[other], odds[other]
        found.append(
            [f1_score(truth, above, zero_division=0) for above in (values > cut, values >= best)]
            + [balanced_accuracy_score(truth, above) for above in (values > cut, values >= balanced)]
        )
    f1, tuned_f1, accuracy, tuned_accuracy = np.mean(found, axis=0).tolist()
    return _Worth(f1, accuracy), _Worth(tuned_f1, tuned_accuracy)


def _of_rarer(table: Table | None) -> int:
    """Return the number of rows of the rarer class."""
    return 0 if table is None else int(min(table.labels.sum(), len(table.labels) - table.labels.sum()))


def _threshold_of(patient: Patient) -> str:
    if not patient.decides:
        return "the usual threshold, which the code itself does not use,"
    if not patient.cut:
        return "the usual threshold"
    return f"the threshold of the code, a probability of {expit(patient.cut):.2g},"


def _best_cut(patient: Patient, odds: np.ndarray, table: Table) -> str:
    """Say what the threshold with the best balanced accuracy would do on these rows."""
    cuts = np.unique(np.quantile(odds, np.linspace(0.01, 0.99, 99)))
    values = [balanced_accuracy_score(table.labels, odds > cut) for cut in cuts]
    best = int(np.argmax(values))
    now = balanced_accuracy_score(table.labels, odds > (patient.cut or 0.0))
    return f"probability > {expit(cuts[best]):.2g} gives a balanced accuracy of {values[best]:.2f} instead of {now:.2f}"


def check_copy(patient: Patient) -> Iterator[Finding]:
    """Whether what is evaluated is a copy of the network that has not learnt what the network has."""
    table = patient.judges or patient.table
    if patient.copy is None or table is None:
        return
    trained, copied = patient.log_odds(table), patient.log_odds(table, patient.copy)
    if trained is None or copied is None:
        return
    idle = _idle(table.prevalence)
    learnt, shown = (float(log_losses(odds, table.labels).mean()) for odds in (trained, copied))
    if learnt < idle - MATTERS and shown > learnt + MATTERS:
        yield Finding(
            "optimizer_wrong_params",
            "root" if shown > idle - MATTERS / 2 else "costs",
            0.9,
            f"what is evaluated is another network than the optimizer trains: its log loss is {shown:.2f}, that of the "
            f"trained one on the same rows {learnt:.2f}, that of a constant {idle:.2f}",
            patient.evaluation_line,
            "evaluate the network that was trained, or load its weights; an average of weights with a lower decay",
            measured={"log loss, network evaluated": shown, "log loss, network trained": learnt},
        )


def check_statistics(patient: Patient) -> Iterator[Finding]:
    """Whether the running statistics of batch normalisation fit the training rows, in what is evaluated."""
    model, table = patient.copy or patient.model, patient.table
    norms = modules_of(model, *NORMS) if model is not None else []
    norms = [module for module in norms if getattr(module, "running_mean", None) is not None]
    now = patient.log_odds(table, model) if norms and table is not None else None
    if table is None or now is None or model is None:
        return
    patient.tested |= {"batchnorm_stats"}
    with kept(model), torch.random.fork_rng(devices=[]), torch.no_grad():
        momenta = [(module, module.momentum) for module in norms]
        for module in norms:
            module.reset_running_stats()  # type: ignore[operator]
            module.momentum = None  # type: ignore[assignment]  # a plain mean over the batches
        model.eval()
        for module in norms:
            module.train()
        size = max(patient.steps[0].rows, 32)
        for first in range(0, len(table.labels) - 1, size):
            patient.steps[0].given_by(model, table.as_fed(table.features[first : first + size]))
        for module, momentum in momenta:
            module.momentum = momentum
        refreshed = patient.log_odds(table, model)
    if refreshed is None:
        return
    before, after = (log_losses(odds, table.labels).mean() for odds in (now, refreshed))
    if before - after > MATTERS / 2 and before > 1.3 * after:
        tiny = patient.steps[0].rows <= 4
        yield Finding(
            "batch_size_too_small" if tiny else "batchnorm_stats",
            "root" if before - after > MATTERS else "costs",
            0.9,
            f"in eval mode the log loss on the training rows is {before:.2f}; with running statistics computed anew "
            f"from the same rows, and nothing else changed, {after:.2f}",
            patient.training_line,
            "batches of 16 rows or more"
            if tiny
            else "average or copy the buffers, too; torch.optim.swa_utils.update_bn computes them anew"
            if patient.copy is not None
            else "momentum=0.1, or one more pass in training mode before evaluation",
            f"statistics computed anew: log loss {before:.2f} → {after:.2f}",
            measured={"log loss in eval mode": float(before), "with statistics computed anew": float(after)},
        )
