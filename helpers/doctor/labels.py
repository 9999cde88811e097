"""Whether the labels belong to their rows, and what the features say about them: asked of reference models alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from helpers.doctor import references
from helpers.doctor.findings import Finding
from helpers.doctor.patient import Patient
from helpers.doctor.references import Reference, log_losses, logit
from helpers.doctor.tables import Table

TOGETHER = "keep features and labels together wherever rows are sorted, merged, dropped or shuffled"
LAGS = (1, -1, 2, -2)
FOUND = 0.65  # a ROC AUC from which on rows by themselves carry their labels
WEAK = 0.6  # a ROC AUC below which features hardly carry the label
TURNED = 0.75  # of the labels contradicted: those of other rows agree by chance, with half or more
# Twice a gain in log likelihood by two numbers that chance gives in about one of 100 tables, below a ROC AUC and above
SURPRISING = (8.0, 6.0)
LOST = 0.2  # of the ROC AUC above 0.5; rows of other persons or places cost that, too
FEWEST = 150  # rows among whose surest quarter errors can be counted
MOST = 0.6  # of all errors: what wrong labels make if they are what is wrong
RELABELLED = 0.2  # of the rows that come again
OVERLAP = 0.7  # that ROC AUC: where classes overlap more, the ends of the curve are guessed from its middle


def check_labels(patient: Patient) -> Iterator[Finding]:
    """Whether the labels carry a signal, belong to their rows, and are right."""
    table, reference, held_out = patient.table, patient.reference, patient.judges
    if table is None or reference is None:
        patient.untested.append("what the features say about the labels: too few rows of both classes, or no table")
        return
    if patient.steps[0].more_of_rows:
        patient.untested.append("what the features say about the labels: the code knows more of each row than enters")
        return
    patient.tested |= {"weak_signal", "labels_misaligned", "label_noise"}
    elsewhere = patient.elsewhere
    if not reference.found:
        if reference.auc > 0.6:  # too few rows to tell this from chance
            yield Finding(
                "weak_signal",
                "note",
                0.4,
                f"{_seen(reference)}, and chance reaches {reference.chance:.2f}: too few rows to tell whether the "
                "columns say anything",
                patient.training_line,
                "more rows, or other columns",
                measured=_ranks(reference),
            )
        else:
            found = list(_no_signal(patient, table, reference, elsewhere))
            first = found[0].cause if found else ""
            outdone = patient.outdoes_reference and not _carries(elsewhere)
            if patient.knows_both or outdone or (first == "weak_signal" and patient.learns_at_another_rate):
                return
            astray = _displaced if _carries(elsewhere) else _in_a_stretch  # else shifts and ends were tried above
            yield from (_is_noise(found) and list(astray(patient, reference, elsewhere))) or found
        return
    found = []
    if held_out is not None and elsewhere is not None and not patient.knows_both:
        found = list(_held_out_labels(patient, reference, held_out, elsewhere))
    found = found or list(_noise_against_clean_rows(patient, reference, held_out, elsewhere))
    found = found or list(_noise_among_the_surest(patient))
    weak = not found and reference.auc < WEAK and not patient.outdoes_reference
    if weak or _is_noise(found):
        found = list(_displaced(patient, reference, elsewhere)) or found
    yield from found
    if weak and not found:
        yield Finding(
            "weak_signal",
            "root",
            0.85,
            f"{_seen(reference)}: more than chance, which reaches {reference.chance:.2f}, but hardly anything",
            patient.training_line,
            "other features; no training will help",
            "can't be tried: nothing to change in the code",
            measured=_ranks(reference),
        )
        yield from _looks_the_same(patient, reference, ("label_noise", "labels_misaligned"))
    if not weak and not found and reference.auc < OVERLAP and not patient.outdoes_reference:
        causes = ("weak_signal", "label_noise")
        yield from _looks_the_same(patient, reference, causes[::-1] if references.has_structure(table) else causes)


def _looks_the_same(patient: Patient, reference: Reference, causes: Sequence[str]) -> Iterator[Finding]:
    """Name what else a small share of rows ranked rightly can mean, the likelier first."""
    seen = f"{_seen(reference)}: either the columns say no more of the label, or many labels are wrong or displaced"
    fix = "read some of the rows that the models contradict, and look up their labels at the source"
    for cause, sure in zip(causes, (0.3, 0.2), strict=True):
        yield Finding(cause, "note", sure, seen, patient.training_line, fix, measured=_ranks(reference))


def _carries(elsewhere: Reference | None) -> bool:
    """Whether the rows for evaluation, by themselves, carry their labels."""
    return elsewhere is not None and elsewhere.auc > max(elsewhere.chance, FOUND)


def _is_noise(found: list[Finding]) -> bool:
    """Whether labels seem to be wrong, which they also seem if they stand beside other rows."""
    return any(finding.cause == "label_noise" for finding in found)


def _ranks(reference: Reference) -> dict[str, float]:
    """The ROC AUC of reference models, by what they were measured on."""
    return {"ROC AUC in training rows": reference.auc, "chance reaches": reference.chance}


def _seen(reference: Reference) -> str:
    return (
        "the better of a logistic regression and boosted trees ranks held-out rows with a ROC AUC of "
        f"{reference.auc:.2f} ({len(reference.labels):,} rows)"
    )


def _no_signal(patient: Patient, table: Table, reference: Reference, elsewhere: Reference | None) -> Iterator[Finding]:
    """What it means that no model finds anything: labels that went astray, or features that say nothing."""
    seen = f"{_seen(reference)}, and chance reaches {reference.chance:.2f}"
    if elsewhere is not None and _carries(elsewhere):
        odds = elsewhere.log_odds(table.features)
        back, spread = patient.across[1:]
        by_chance = references.deviation(table.labels)
        fits = back > 0.5 + 2.5 * by_chance
        if fits and elsewhere.auc - back < 3.3 * spread:
            patient.tested -= {"weak_signal", "labels_misaligned"}  # the labels fit the rows: there are too few
            return
        if fits:
            wrong = float(((odds > 0) != (table.labels == 1)).mean())
            yield _noise(
                patient,
                f"a model fitted to the rows for evaluation contradicts the labels of {wrong:.0%} of the training "
                f"rows, by itself it reaches a ROC AUC of {elsewhere.auc:.2f}",
                wrong,
            )
            return
        seen += f"; in the rows for evaluation, by themselves, the same models reach {elsewhere.auc:.2f}"
        tried, measured = "can't be undone: the order is lost", _ranks(reference)
        measured["ROC AUC in rows for evaluation"] = elsewhere.auc
        yield Finding("labels_misaligned", "root", 0.95, seen, patient.loss_line, TOGETHER, tried, measured=measured)
        if back > 0.5 + by_chance:
            yield _or_noise(patient, seen)
        return
    shift, shifted = _best_shift(patient)
    if shift:
        seen += f"; with the labels moved by {shift:+d} rows they reach {shifted:.2f}"
        tried, measured = "the reference models on the labels moved back: see there", _ranks(reference)
        measured[f"ROC AUC, labels moved by {shift:+d}"] = shifted
        yield Finding("labels_misaligned", "root", 0.97, seen, patient.loss_line, TOGETHER, tried, measured=measured)
        return
    if dropped := list(_aligned_at_one_end(patient, reference)):
        yield from dropped
        return
    batches, told = patient.batches, ""
    if references.has_structure(table):
        told = "; yet the columns hang together as those of real tables do"
    elif batches is not None and (changed := batches.relabelled) > RELABELLED:
        told = f"; of the rows that come again, {changed:.0%} come with another label: the labels do not stay with them"
    elif batches is not None and batches.in_order_of_length:
        told = "; the rows of each batch stand in the order of their lengths, as if they were sorted without the labels"
    astray = bool(told)
    misaligned = Finding(
        "labels_misaligned",
        "root" if astray else "note",
        0.7 if astray else 0.15,
        seen + told,
        patient.loss_line,
        TOGETHER,
        "can't be undone: the order is lost",
        measured=_ranks(reference),
    )
    weak = Finding(
        "weak_signal",
        "note" if astray else "root",
        0.2 if astray else 0.75,
        seen,
        patient.training_line,
        "other features; no training will help",
        "can't be tried: nothing to change in the code",
        measured=_ranks(reference),
    )
    yield from (misaligned, weak) if astray else (weak, misaligned)
    yield _or_noise(patient, seen)


def _or_noise(patient: Patient, seen: str) -> Finding:
    """Return what else labels mean that go with no features."""
    noise = _noise(patient, f"{seen}: labels of which nearly half are wrong look the same", 0.0)
    return replace(noise, severity="note", confidence=0.1)


def _best_shift(patient: Patient) -> tuple[int, float]:
    """Return by how many rows the labels have to be moved to make sense, and the ROC AUC then; 0 if by none."""
    whole = patient.whole or (patient.drawn_from if not patient.misplaced else None)
    if whole is None or whole.windows or whole.lagged:
        return 0, 0.5
    for lag in LAGS:
        found = references.reference(replace(whole, labels=np.roll(whole.labels, lag)))
        if found is not None and found.auc > max(0.5 + 1.3 * (found.chance - 0.5), FOUND):  # of several tried
            return lag, found.auc
    return 0, 0.5


def _aligned_at_one_end(patient: Patient, reference: Reference) -> Iterator[Finding]:
    """Whether the first rows of the learner's tensor go with their labels, or the last ones, and the others do not: as
    where rows were dropped and their labels kept, or the other way round."""
    whole = patient.whole
    if whole is None or whole.windows or whole.lagged:
        return
    rows = len(whole.labels)
    for size in (rows // 8, rows // 16):
        for name, end, others in (
            ("first", np.arange(size), np.arange(size, rows)),
            ("last", np.arange(rows - size, rows), np.arange(rows - size)),
        ):
            found = references.reference(whole.at(end))
            if found is None or found.auc < max(0.7, max(reference.auc, 0.5) + (found.chance - 0.5)):
                continue
            there = float(roc_auc_score(whole.labels[others], found.log_odds(whole.features[others])))
            if there < 0.5 + (found.auc - 0.5) / 3:
                yield Finding(
                    "labels_misaligned",
                    "root",
                    0.93,
                    f"{_seen(reference)}; in the {name} {size:,} rows they reach {found.auc:.2f}, and what they learn "
                    f"there ranks the others with {there:.2f}: rows were dropped whose labels were kept, or the other "
                    "way round",
                    patient.loss_line,
                    TOGETHER,
                    "can't be undone: where rows were dropped is not known",
                    measured=_ranks(reference),
                )
                return


def _displaced(patient: Patient, reference: Reference, elsewhere: Reference | None) -> Iterator[Finding]:
    """Whether labels contradict their rows because many stand beside another row: all of a stretch of rows, or moved by
    a row or two."""
    shift, shifted = _best_shift(patient)
    if shift and shifted > reference.auc + 0.1:
        yield Finding(
            "labels_misaligned",
            "root",
            0.95,
            f"{_seen(reference)}; with the labels moved by {shift:+d} rows they reach {shifted:.2f}",
            patient.loss_line,
            TOGETHER,
            "the reference models on the labels moved back: see there",
            measured=_ranks(reference) | {f"ROC AUC, labels moved by {shift:+d}": shifted},
        )
        return
    yield from list(_in_a_stretch(patient, reference, elsewhere)) or _aligned_at_one_end(patient, reference)


def _in_a_stretch(patient: Patient, reference: Reference, elsewhere: Reference | None) -> Iterator[Finding]:
    """Whether models contradict the labels of one stretch of the learner's tensor far more often than others."""
    if patient.table is None or patient.table.source is None:
        return
    if elsewhere is not None:
        odds = elsewhere.log_odds(patient.table.features)
    else:
        odds = np.full(len(patient.table.labels), np.nan)
        odds[reference.rows] = reference.odds
    known = np.isfinite(odds)
    labels = patient.table.labels[known]
    agree = elsewhere is None or elsewhere.auc - patient.across[1] < 3.3 * patient.across[2]
    stretch = _stretch((odds[known] > 0) != (labels == 1), labels if agree else np.zeros_like(labels))
    if stretch is not None:
        first, last, inside, outside = stretch
        rows = np.flatnonzero(known)
        seen = (
            f"from row {rows[first]} to row {rows[last - 1]} the models contradict {inside:.0%} of the labels, "
            f"elsewhere {outside:.0%}: the labels of that stretch "
        )
        if inside > TURNED:
            fix = "find out which labels that stretch has, and code them like the others"
            yield Finding("label_noise", "root", 0.87, seen + "are the wrong way round", patient.loss_line, fix)
            return
        yield Finding(
            "labels_misaligned",
            "root",
            0.85,
            seen + "do not belong to its rows",
            patient.loss_line,
            TOGETHER,
            "can't be undone: the order is lost",
        )


def _stretch(wrong: np.ndarray, kinds: np.ndarray) -> tuple[int, int, float, float] | None:
    """Return the stretch of rows that stands out by its errors from what is usual for rows of its kind, 0 or 1: first
    row, row after the last, share of errors inside and outside; None if no stretch has far more than chance brings into
    one (Levin & Kline 1985)."""
    usual = np.choose(kinds, [wrong[kinds == kind].mean() if (kinds == kind).any() else 0.0 for kind in (0, 1)])
    walk = np.concatenate([[0], np.cumsum(wrong - usual)])
    last = int(np.argmax(walk - np.minimum.accumulate(walk)))
    first = int(np.argmin(walk[: last + 1]))
    if last - first < 30 or len(wrong) - (last - first) < 30:
        return None
    inside, rest = wrong[first:last].mean(), np.concatenate([wrong[:first], wrong[last:]]).mean()
    drop = (walk[last] - walk[first]) / np.sqrt((usual * (1 - usual)).sum())
    return (first, last, float(inside), float(rest)) if drop > 2.5 and inside > max(0.35, rest + 0.15) else None


def _held_out_labels(
    patient: Patient, reference: Reference, held_out: Table, elsewhere: Reference
) -> Iterator[Finding]:
    """Whether what holds in the training rows holds in the rows for evaluation."""
    if reference.auc < 0.65:
        return
    transferred, back, spread = patient.across
    chance = 3.3 * references.deviation(held_out.labels)
    lost = min(reference.auc, elsewhere.auc) - min(transferred, back)
    seen = (
        f"a model fitted to the training rows ranks rows for evaluation with a ROC AUC of {transferred:.2f}, "
        f"training rows that it has not seen with {reference.auc:.2f}"
    )
    if transferred < 0.5 - chance and 1 - transferred > reference.auc - chance:
        yield Finding(
            "label_encoding",
            "root",
            0.9,
            f"{seen}: the labels of the rows for evaluation are the wrong way round",
            patient.evaluation_line,
            "encode the labels of both parts by one mapping",
        )
    elif (
        elsewhere.found
        and elsewhere.auc > 0.65
        and (
            transferred < 0.5 + (min(reference.auc, elsewhere.auc) - 0.5) / 2
            or lost > max(3.3 * spread, LOST * (min(reference.auc, elsewhere.auc) - 0.5))
        )
    ):
        told_apart = references.tell_apart(patient.table, held_out)
        alike = told_apart < 0.65 and held_out.measured.all()
        if alike and max(transferred, back) > 0.5 + 0.4 * (min(reference.auc, elsewhere.auc) - 0.5):
            yield _noise(
                patient,
                f"{seen}; a model of their own reaches {elsewhere.auc:.2f} there, and the features of both look alike "
                f"(told apart with {told_apart:.2f}): the labels of the two parts were not given by one rule",
                min(reference.auc, elsewhere.auc) - min(transferred, back),
            )
            return
        if alike:
            yield Finding(
                "labels_misaligned",
                "root",
                0.85,
                f"{seen}; a model of their own reaches {elsewhere.auc:.2f} there, and the features of both look alike "
                f"(told apart with {told_apart:.2f}): the labels of one part do not belong to its rows",
                patient.loss_line,
                TOGETHER,
            )
            return
        yield Finding(
            "preprocess_mismatch",
            "root",
            0.85,
            f"{seen}; a model of their own reaches {elsewhere.auc:.2f} there, and ranks the training rows with "
            f"{back:.2f}: the columns do not mean the same in both parts",
            patient.evaluation_line,
            "prepare both parts by the same fitted steps: columns in the same order, categories by the same numbers",
        )
    elif not elsewhere.found and transferred < 0.5 + chance < reference.auc - 0.1:
        yield Finding(
            "labels_misaligned",
            "root",
            0.9,
            f"{seen}, and nothing else ranks these rows",
            patient.evaluation_line,
            "keep features and labels of the rows for evaluation together",
        )


def _noise_against_clean_rows(
    patient: Patient, reference: Reference, held_out: Table | None, elsewhere: Reference | None
) -> Iterator[Finding]:
    """Whether training rows contradict their labels more often than rows held out do."""
    if held_out is None or elsewhere is None or patient.table is None or patient.knows_both:
        return
    judged, doubted, spread = patient.across
    wrong = float(((elsewhere.log_odds(patient.table.features) > 0) != (patient.table.labels == 1)).mean())
    for clean, noisy, seen in (
        (judged, reference.auc, "a model fitted to the training rows ranks the rows for evaluation better (ROC AUC "
                                "{clean:.2f}) than training rows that it has not seen ({noisy:.2f})"),
        (elsewhere.auc, doubted, "a model fitted to the rows for evaluation, where it reaches a ROC AUC of {clean:.2f},"
                                 " ranks the training rows with {noisy:.2f} only and contradicts {wrong:.0%} of them"),
    ):  # fmt: skip
        if clean - noisy > 0.05 and clean - noisy > 3.3 * spread and reference.auc < clean:
            text = seen.format(clean=clean, noisy=noisy, wrong=wrong)
            if references.tell_apart(patient.table, held_out) <= 0.65:  # else they are rows of other kinds
                yield _noise(patient, text, 2 * (clean - noisy))
            return


def _noise_among_the_surest(patient: Patient) -> Iterator[Finding]:
    """Whether errors do not become as rare where the models are surest as they do where classes merely overlap."""
    reference = patient.reference
    assert reference is not None
    if reference.auc < WEAK:
        return
    wrong, sure = (reference.odds > 0) != (reference.labels == 1), np.abs(reference.odds)
    surest = wrong[sure >= np.quantile(sure, 0.75)].mean()
    expected = _errors_of_overlap(reference.auc, float(reference.labels.mean()))
    excess = (surest - expected) / np.sqrt(expected * (1 - expected) / (len(wrong) / 4))
    share = min(reference.labels.mean(), 1 - reference.labels.mean())
    common = share > 0.1 and share * len(wrong) > FEWEST / 2  # else few rows come near the one end
    gain, low, high = _asymptotes(reference.odds, reference.labels) if common else (0.0, 0.0, 0.0)
    surprising = SURPRISING[int(reference.auc > OVERLAP)]
    # tables whose classes merely overlap are that odd once in a hundred times, or once in fifty
    clear = (
        not patient.outdoes_reference
        and len(wrong) >= FEWEST
        and (
            (excess > 2.3 and surest > max(0.06, 0.7 * wrong.mean()))
            or (gain > surprising and (low + high) / 2 > max(0.15, MOST * wrong.mean()))
        )
    )
    if clear or (gain > 2.5 and low + high > 0.2) or surest > max(0.06, 0.8 * wrong.mean()):
        finding = _noise(
            patient,
            f"of the quarter of rows that the models are surest of, {surest:.0%} are labelled otherwise (of all "
            f"{wrong.mean():.0%}); where classes overlap to a ROC AUC of {reference.auc:.2f}, it would be "
            f"{expected:.0%}. The labels are fitted best if {low:.0%} of the surest 0 are labelled 1, and {high:.0%} "
            "the other way round",
            max(float(surest), low, high),
        )
        yield finding if clear else replace(finding, severity="note", confidence=0.5)


def _asymptotes(odds: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    """Return twice the gain in log likelihood if the chance of label 1 need not run from 0 to 1 as the log odds rise,
    and the shares that are labelled 1 at the one end and 0 at the other (contaminated labels, Copas 1988)."""

    def chances(slope: float, shift: float, low: float, high: float) -> np.ndarray:
        return low + (1 - low - high) / (1 + np.exp(-np.clip(slope * odds + shift, -50, 50)))

    def lost(values: Sequence[float]) -> float:
        slope, shift, low, high = values
        return float(log_losses(logit(chances(np.exp(slope), shift, low, high)), labels).sum())

    bounds = [(-3, 3), (-20, 20), (0, 0.49), (0, 0.49)]
    plain = minimize(lambda values: lost([*values, 0, 0]), [0, 0], method="Nelder-Mead", bounds=bounds[:2])
    starts = ([slope, 0, share, share] for slope in (0, 1) for share in (0.05, 0.25))
    fits = [minimize(lost, start, method="Nelder-Mead", bounds=bounds, options={"maxiter": 1000}) for start in starts]
    best = min(fits, key=lambda fit: fit.fun)
    return 2 * float(plain.fun - best.fun), float(best.x[2]), float(best.x[3])


def _errors_of_overlap(auc: float, prevalence: float) -> float:
    """Return the share of errors among the surest quarter of rows if two Gaussians of one variance overlap to this ROC
    AUC, which is Φ(d/√2) for means d standard deviations apart (Green & Swets 1966)."""
    apart = np.sqrt(2) * norm.ppf(min(auc, 0.9999))
    grid = norm.ppf((np.arange(2000) + 0.5) / 2000)
    odds = np.concatenate([apart * (grid - apart / 2), apart * (grid + apart / 2)]) + np.log(
        prevalence / (1 - prevalence)
    )
    weights = np.repeat([1 - prevalence, prevalence], len(grid)) / len(grid)
    order = np.argsort(-np.abs(odds))
    kept = order[: int(np.searchsorted(np.cumsum(weights[order]), 0.25)) + 1]
    return float(np.average(1 / (1 + np.exp(np.abs(odds[kept]))), weights=weights[kept]))


def _noise(patient: Patient, seen: str, share: float) -> Finding:
    return Finding(
        "label_noise",
        "root" if share > 0.1 else "costs",
        0.85,
        seen,
        patient.loss_line,
        "look at the rows that the models contradict most surely and correct their labels; stop early meanwhile",
        "can't be tried: the true labels are not known",
    )
