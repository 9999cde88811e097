"""From what was seen to what is wrong: contracts first, then the steps, the data, and re-runs only where needed."""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch import nn

from helpers.doctor import audit, contracts, data, dynamics, worth
from helpers.doctor.anatomy import Training, evaluations, trainings
from helpers.doctor.budget import NoRerun, OutOfTime, limited
from helpers.doctor.by_hand import as_module
from helpers.doctor.findings import CAUSES, EVALUATION, Diagnosis, Finding, ranked
from helpers.doctor.labels import check_labels
from helpers.doctor.patient import Patient
from helpers.doctor.probes import check_attention, check_padding, check_reshapes, check_rows
from helpers.doctor.proof import proved
from helpers.doctor.readout import read_predictions
from helpers.doctor.record import Record, held_by
from helpers.doctor.source import place
from helpers.doctor.tape import leaves
from helpers.doctor.watch import TAPED_STEPS, Watch
from helpers.progress import Progress

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
    (
        r"Target -?\d+ is out of bounds|all elements of target should be between 0 and 1",
        "label_encoding",
        "labels 0 and 1, and for cross entropy as many outputs as classes",
    ),
    (
        r"0D or 1D target tensor expected",
        "shape_broadcast",
        "targets.squeeze(1): cross entropy takes one whole number for each row",
    ),
    (
        r"does not require grad and does not have a grad_fn",
        "graph_detached",
        "no .detach(), .item(), rounding or no_grad between the model and the loss",
    ),
    (
        r"result type Float can't be cast to|expected scalar type|Found dtype|not implemented for 'Long'|"
        r"expected m1 and m2 to have the same dtype|expected target dtype|Expected floating point type for target|"
        r"with two bool tensors is not supported",
        "label_encoding",
        "targets.float() for BCE, targets.long() for cross entropy, features.float()",
    ),
    (
        r"weight tensor should be defined",
        "class_weights_wrong",
        "one weight for each class, in the order of their numbers",
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
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings(), limited(budget):
        warnings.simplefilter("ignore")  # the learner has had them already
        try:
            diagnosis = _diagnose(seen)
        except Exception as error:
            return Diagnosis((), (), (f"everything: the doctor does not understand this code ({error!r:.200})",))
    if seen.stumbled:
        reason = f"what the watcher could not look at ({seen.stumbled})"
        return replace(diagnosis, untested=(*diagnosis.untested, reason))
    return diagnosis


def _diagnose(watched: Watch) -> Diagnosis:
    translated = list(_translated(watched))
    seen, steps = _training_of_interest(watched)
    if not seen.backwards:
        translated += audit.without_backward(seen)
        reason = "the block stopped before backward()" if watched.error else "the block never called backward()"
        return Diagnosis(tuple(translated), (), (f"{reason}: there is no training to look at",))
    if not steps:
        broken = seen.backwards[0].where
        arrived = [seen.backwards[0].gradients, *(step.gradients for step in seen.steps[:1])]
        hidden = any(gradient is not None for found in arrived for gradient in found.values())  # as in scripted modules
        cut = (
            []
            if translated or hidden
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
    evaluated = evaluations(seen, steps, watched.records)
    if steps[0].forward is None:
        steps, evaluated = as_module(seen, steps)
    several = any(_trained_apart(record, seen, steps[0]) for record in watched.records)
    if steps[0].forward is not None:
        model = steps[0].forward.model
        several |= any(step.forward is None or step.forward.model is not model for step in steps)
        steps = [step for step in steps if step.forward is not None and step.forward.model is model]
        evaluated = [one for one in evaluated if _evaluates(one.forward.model, model, seen)]
    patient = Patient(seen, steps, evaluated)
    if several:
        line = place(patient.training_line)
        patient.untested.append(f"several models were trained; these findings are about the one in {line}")
    patient.found += translated
    _examine(patient)
    found = ranked(patient.found)
    found = (proved(patient, found[0]), *found[1:]) if found else ()
    ruled_out = patient.tested - {finding.cause for finding in patient.found}
    return Diagnosis(
        found,
        tuple(cause for cause in CAUSES if cause in ruled_out),
        tuple(patient.untested),
        tuple(patient.losses),
        patient.idle,
    )


def _training_of_interest(watched: Watch) -> tuple[Record, list[Training]]:
    """Return the last training of two classes by more than a number a row, as where an autoencoder or a teacher comes
    before, and a temperature behind; the first if there is none; and its steps."""
    for record in reversed(watched.records):
        steps = trainings(record)
        if any(step.targets is not None and step.targets.unique().numel() == 2 for step in steps[:5]):
            rows = steps[0].features
            if rows is None or rows.numel() > len(rows):
                break
    return record, steps


def _trained_apart(record: Record, seen: Record, step: Training) -> bool:
    """Whether this record holds the training of another model than the step's."""
    mine = {id(value) for module in step.modules for value in module.parameters()}
    mine |= {id(value) for value in step.parameters}
    taped = record.steps[:TAPED_STEPS] if record is seen else []
    others = {id(each.optimizer): each.optimizer for each in record.steps[len(taped) :]}
    for each in taped:
        others.pop(id(each.optimizer), None)
    return any(mine.isdisjoint(map(id, held_by([optimizer]))) for optimizer in others.values())


def _evaluates(network: nn.Module, model: nn.Module, seen: Record) -> bool:
    """Whether an evaluation of this network is one of the model: of a part, as where a method calls one, of a whole
    that it is a part of, or of a copy that is not trained itself."""
    mine, others = (list(module.parameters()) for module in (model, network))
    if {id(value) for value in mine} & {id(value) for value in others}:
        return network in set(model.modules()) or {id(value) for value in mine} <= {id(value) for value in others}
    trained = {id(value) for value in (*seen.trained_before, *held_by(step.optimizer for step in seen.steps))}
    return [v.shape for v in mine] == [v.shape for v in others] and not any(id(value) in trained for value in others)


# check: the causes that it looks for, and those that it looks for if there is an evaluation
_CONTRACTS: tuple[tuple[Callable[[Patient], Iterator[Finding]], str, str], ...] = (
    (
        lambda patient: contracts.loss_contract(patient.steps[0]),
        "double_sigmoid softmax_before_ce bce_on_logits ce_single_output softmax_single_output softmax_wrong_dim "
        "nll_on_probabilities relu_on_output shape_broadcast label_encoding loss_sign "
        "graph_detached nondifferentiable_output",
        "",
    ),
    (lambda patient: contracts.weights_contract(patient.steps), "class_weights_wrong", ""),
    (
        lambda patient: contracts.prediction_contract(patient.steps[0], patient.evaluated),
        "",
        "threshold_on_logits argmax_single_output accuracy_broadcast",
    ),
    (
        lambda patient: read_predictions(patient.steps[0], patient.reading),
        "",
        "threshold_on_logits argmax_single_output accuracy_broadcast",
    ),
    (check_rows, "", ""),
    (check_reshapes, "wrong_axis", ""),
    (check_attention, "", ""),
    (check_padding, "", ""),
    (lambda patient: audit.audit_steps(patient.seen), "no_optimizer_step no_zero_grad", ""),
    (
        lambda patient: audit.audit_parameters(patient.seen, patient.steps),
        "optimizer_wrong_params unregistered_params layer_in_forward frozen_params",
        "",
    ),
    (
        lambda patient: audit.audit_modes(patient.seen, patient.steps, patient.evaluated),
        "train_mode_missing batch_size_too_small",
        "eval_mode_missing functional_dropout",
    ),
    (lambda patient: audit.audit_rates(patient.seen), "scheduler_misuse", ""),
    (lambda patient: audit.linear_only(patient.steps[0]), "no_nonlinearity", ""),
    (lambda patient: data.check_values(patient.steps), "nan_features", ""),
    (lambda patient: data.check_evaluated_values(patient.evaluated, patient.evaluation_line), "", ""),
    (
        lambda patient: data.check_classes(
            patient.steps, patient.seen, patient.losses, patient.drawn_from, patient.loss_line
        ),
        "labels_single_class",
        "",
    ),
)


def _examine(patient: Patient) -> None:
    """Direct evidence first, then the data, then what re-runs show, then what the trained network is worth."""
    last = (worth.check_rare_class, "imbalance, threshold_not_tuned"), (worth.check_overfitting, "overfitting")
    with Progress("diagnosing, tests done", len(_CONTRACTS) + 4 + len(last)) as bar:
        for done, (check, always, in_evaluation) in enumerate(_CONTRACTS):
            bar.show(done)
            causes = ", ".join(f"{always} {in_evaluation}".split())
            if _tolerant(patient, check, causes or "how rows go through the network"):
                patient.tested |= {*always.split(), *(in_evaluation.split() if patient.evaluated else ())}
        patient.found = [proved(patient, each) if each.severity == "costs" else each for each in patient.found]
        wiring, shown = patient.roots, any(each.curves for each in patient.found)
        _tolerant(patient, _data, "the data")
        if not patient.mixed and "augmentation_too_heavy" not in patient.roots:
            _tolerant(patient, check_labels, "the labels")
        if patient.table is not None and patient.held_out is not None:
            ordered = patient.drawn_from or patient.table
            as_well = patient.ranks_as_well
            patient.found = [data.why_otherwise(each, ordered, patient.held_out, as_well) for each in patient.found]
        for check in (worth.check_statistics, worth.check_copy):
            if not patient.has_root:
                _tolerant(patient, check, "running statistics")
        if not wiring <= EVALUATION:
            if "train_mode_missing" not in wiring:  # which lets them vanish where layers are to normalise
                _tolerant(patient, lambda patient: audit.gradients_vanish(patient.steps[0]), "vanishing_gradients")
        elif patient.roots == wiring and not shown:  # what helps in as many steps goes before other settings
            _tolerant(patient, _training, "the settings of the training")
        else:
            _tolerant(patient, dynamics.check_numbers, "nan_loss")
        for done, (check, causes) in enumerate(last, start=len(_CONTRACTS) + 4):
            bar.show(done)
            if not patient.has_root:
                _tolerant(patient, check, causes)
        if patient.roots == {"label_noise"}:
            _tolerant(patient, _noise_by_heart, "overfitting")


def _noise_by_heart(patient: Patient) -> Iterator[Finding]:
    """Whether the network learns wrong labels by heart."""
    yield from (replace(finding, severity="costs") for finding in worth.check_overfitting(patient))


def _tolerant(patient: Patient, check: Callable[[Patient], Iterator[Finding]], what: str) -> bool:
    """Note a check's findings and return whether it came to its end; one that can't deal with the learner's code says
    so and spoils no other.

    what: it looks for or at, by which it is called in the report.
    """
    tested = set(patient.tested)
    try:
        for finding in check(patient):
            patient.found.append(finding)
    except Exception as error:
        patient.tested &= tested  # it may not have come to all that it meant to
        reason = str(error) if isinstance(error, OutOfTime) else f"{type(error).__name__}: {str(error)[:100]}"
        patient.untested.append(f"{what}: {reason}")
        return False
    return True


def _translated(seen: Watch) -> Iterator[Finding]:
    if seen.error is None:
        return
    message = str(seen.error).replace("\n", " ")
    given = leaves(seen.now.forwards[-1].output) if seen.now.forwards else []
    if re.search(r"Target \d+ is out of bounds", message) and given and given[0].shape[-1:] == (1,):
        fix = "BCEWithLogitsLoss for one output, or two outputs for cross entropy"
        yield Finding("ce_single_output", "root", 0.95, f"IndexError: {message}", seen.error_line, fix)
        return
    for pattern, cause, fix in _ERRORS:
        if re.search(pattern, message):
            yield Finding(cause, "root", 0.9, f"{type(seen.error).__name__}: {message[:160]}", seen.error_line, fix)
            return


def _data(patient: Patient) -> Iterator[Finding]:
    if patient.batches is not None:
        patient.tested |= {"unshuffled_data"}
        yield from data.check_order(
            patient.batches, patient.drawn_from, patient.seen.pass_rows, patient.training_line
        )
    if patient.batches is None or patient.table is None:
        patient.untested.append("the data: the batches are not tables of numbers with two classes")
        return
    yield from data.check_pairs(patient.misplaced, patient.loss_line)
    windows = patient.whole is not None and patient.whole.windows
    answers = list(data.check_answer(patient.table, windows, patient.training_line))
    if patient.whole is not None and patient.held_out is not None and patient.reference is not None:
        answers += data.check_copies(
            patient.whole, patient.held_out, patient.reference, patient.elsewhere, patient.training_line
        )
    yield from answers
    mixed = patient.mixed and not patient.augmented  # what the rows were before is not known
    if patient.held_out is not None and not mixed and not any(finding.severity == "root" for finding in answers):
        patient.tested |= {"preprocess_mismatch", "data_leakage"}
        where = patient.evaluation_line
        if patient.whole is not None:
            yield from data.check_cut_by_class(patient.whole, patient.held_out, where)
        prepared = list(
            data.check_preparation(patient.table, patient.held_out, patient.reference, patient.log_odds, where)
        )
        if patient.holds:  # as where the training rows are changed at random
            prepared = [replace(finding, severity="note") for finding in prepared]
        yield from prepared
        if not prepared and not patient.steps[0].more_of_rows:
            yield from data.check_leakage(
                patient.table, patient.held_out, patient.complete, patient.drawn_from, patient.twins, where
            )
            yield from data.check_encoded(
                patient.table, patient.held_out, patient.reference, patient.elsewhere, patient.training_line
            )
    if patient.renewed and patient.elsewhere is not None and patient.reference is not None:
        yield from data.check_renewed(patient.elsewhere, patient.reference, patient.training_line)
    if patient.augmented and patient.fed is not None and patient.reference is not None:
        patient.tested.add("augmentation_too_heavy")
        yield from data.check_augmentation(patient.fed, patient.batches, patient.reference, patient.training_line)


def _from_the_start(patient: Patient) -> Iterator[Finding]:
    """Whether it is the learner's own initial weights that let gradients vanish."""
    try:
        if patient.retraining is not None:
            yield from dynamics.Suspects(patient, patient.retraining).start()
    except NoRerun as error:
        patient.untested.append(f"re-runs: {error}")


# causes that go before gradients that vanish in time, if re-runs show them: the network learns in as many steps as it
# is, or from usual initial weights
_BEFORE_VANISHING = {"lr_too_low", "lr_too_high", "bad_init", "dead_relu"}


def _training(patient: Patient) -> Iterator[Finding]:
    broken = list(dynamics.check_numbers(patient))
    calm = patient.learns and not patient.unsettled and not broken
    patient.tested |= {"lr_too_high", "vanishing_gradients"}
    if calm and not worth.falls_behind(patient):
        patient.tested |= {"bad_init", "dead_relu", "lr_too_low", "undertrained", "regularisation_too_strong"}
        if patient.retraining is not None:
            suspects = dynamics.Suspects(patient, patient.retraining)
            for accuse in (suspects.features, suspects.tails, suspects.start, suspects.dropout):
                yield from (replace(finding, severity="costs") for finding in accuse())
        return
    vanished = list(audit.gradients_vanish(patient.steps[0]))
    with patient.at_start():
        in_time = list(audit.vanishes_in_time(patient.steps[0]))
    lasting = in_time if list(audit.vanishes_in_time(patient.steps[0])) else []  # still so at the end
    if vanished or any(finding.confidence > 0.9 for finding in broken):
        yield from (list(_from_the_start(patient)) if vanished else []) or vanished
        yield from broken
        return
    accused: list[Finding] = []
    try:
        if patient.retraining is not None:
            accused += dynamics.Suspects(patient, patient.retraining).findings()
    except NoRerun as error:
        patient.untested.append(f"re-runs: {error}")
    first = _BEFORE_VANISHING | ({"undertrained"} if len(patient.taken) < dynamics.FEW else set())
    if lasting and not any(finding.cause in first for finding in accused):
        accused = lasting
    accused = accused or in_time
    yield from accused
    if not accused and not broken:
        yield from dynamics.check_capacity(patient)
    yield from broken
