"""Questions put to the model itself, in eval mode: does a row's answer depend on other rows, or on padding?"""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

from helpers.doctor.anatomy import NORMS, RECURRENT, Training, asked_again, evaluating, line_of, modules_of
from helpers.doctor.findings import Finding
from helpers.doctor.layouts import Columns, Layout, PackedInOrder, Sequences
from helpers.doctor.patient import Patient
from helpers.doctor.tables import PICKS, inputs_in
from helpers.doctor.tape import leading_to, made_from


def _asked(patient: Patient) -> tuple[Tensor | None, Callable[..., Tensor]]:
    """Return a batch, and the function from such rows to answers; no batch if there is no such function.

    It is the model in eval mode or, where the answer comes from several modules, the learner's lines replayed. What
    else the model takes stays as it is, of the rows given as a slice if not of all.
    """
    first, model = patient.steps[0], patient.model
    rows = None if isinstance(patient.layout, Sequences) else first.features

    def ask_model(rows: Tensor, part: slice = slice(None), seed: int = 0) -> Tensor:
        assert model is not None and first.forward is not None
        given = [
            rows
            if value is first.features
            else value[part]
            if isinstance(value, Tensor) and value.ndim and len(value) == first.rows
            else value
            for value in first.forward.inputs
        ]
        with evaluating(model):
            torch.manual_seed(seed)
            return first.output_of(first.forward.again(model, given)).double()

    def ask_lines(rows: Tensor, part: slice = slice(None), seed: int = 0) -> Tensor:
        assert entry is not None
        return asked_again(first, entry, rows, seed).double()

    if first.output is not None and model is not None and first.forward is not None:
        return rows, ask_model
    if first.more_of_rows or any("pack_padded" in call.name for call in first.calls):
        return None, ask_lines  # the rows' lengths would stay behind
    leading = leading_to(first.calls, first.sums)
    picked = [call.results[0] for call in leading if call.name in PICKS and call.results]
    entry = next((rows for rows in picked if rows.ndim > 1 and len(rows) == first.rows), None)
    return entry, ask_lines


def _answers_for(model: nn.Module, step: Training, layout: Layout, rows: Tensor) -> Tensor:
    """Return what the model answers for rows that are not filled up, as many as the batch has."""
    with evaluating(model):
        return step.answer(model, layout.tensors(rows)).double()


def check_rows(patient: Patient) -> Iterator[Finding]:
    """Whether a row's answer changes when other rows of its batch do."""
    (rows, ask), first, layout = _asked(patient), patient.steps[0], patient.layout
    taken_apart = isinstance(layout, Sequences) and not isinstance(layout, PackedInOrder)
    behind = isinstance(layout, Columns) and any(one.axis > 0 for one in layout.inputs)
    by_layout = taken_apart or (behind and first.forward is not None and len(first.forward.inputs) == 1)
    if layout is not None and by_layout and patient.model is not None and first.output is not None:
        rows, ask = layout.rows(inputs_in(first)), partial(_answers_for, patient.model, first, layout)
    elif behind:
        return
    norms = modules_of(patient.model, *NORMS) if patient.model is not None else []
    if rows is None or len(rows) < 4 or any(not module.track_running_stats for module in norms):
        return  # such a layer mixes rows on purpose
    if _is_a_graph(patient.steps[0]):
        return
    patient.tested.add("wrong_axis")
    half = len(rows) // 2
    answers = ask(rows)
    scale = float(answers.std()) + float(answers.abs().mean())
    if answers.shape[:1] != rows.shape[:1] or not scale > 0 or not bool((ask(rows) == answers).all()):
        return
    moved = 0.0
    for kept, others in ((slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))):
        changed = rows.clone()
        changed[others] = rows[others].flip(0) if taken_apart else rows.flip(0)[others]
        moved = max(moved, float((ask(changed) - answers)[kept].abs().max()))
    if moved > 1e-3 * scale:
        where = next((call.where for call in first.calls if call.name in _MIXERS), line_of(first.calls))
        yield Finding(
            "wrong_axis",
            "root",
            0.95,
            f"with other rows in the second half of the batch, answers for the first half change by up to {moved:.2g} "
            f"(they spread by {float(answers.std()):.2g}); the shape of the batch is {tuple(rows.shape)}",
            where,
            "permute or transpose axes, do not view or reshape them; batch_first=True for recurrent layers",
        )


def _is_a_graph(step: Training) -> bool:
    """Whether rows are mixed by a matrix of rows times rows that does not come from them, or by indices, as the
    neighbours in a graph are."""
    if step.features is None:
        return False
    made = {id(value) for call in made_from(step.calls, [step.features]) for value in call.results}
    return any(
        call.name in _SCATTERS
        or (call.name in _PRODUCTS and any(value.shape == (step.rows, step.rows) and id(value) not in made
                                          for value in call.tensors))
        for call in step.calls
    )  # fmt: skip


def check_reshapes(patient: Patient) -> Iterator[Finding]:
    """Whether a reshape stands where axes were to change places: it gives the shape that was meant, but leaves the
    numbers in their order, so that they come to stand in other rows and columns."""
    for call in patient.steps[0].calls:
        if call.name not in ("view", "reshape") or not call.results or not call.tensors:
            continue
        before, after = tuple(call.tensors[0].shape), tuple(call.results[0].shape)
        real = [[size for size in shape if size > 1] for shape in (before, after)]
        if len(before) >= 2 and real[0] != real[1] and sorted(before) == sorted(after):
            yield Finding(
                "wrong_axis",
                "root",
                0.96,
                f"`{call.name}` makes {after} of {before}: the axes seem to change places, but the numbers stay in "
                "their order, so those of one row are spread over others",
                call.where,
                "permute or transpose axes, do not view or reshape them; batch_first=True for recurrent layers",
            )
            return


def check_attention(patient: Patient) -> Iterator[Finding]:
    """Whether attention runs over the rows of the batch."""
    rows = patient.steps[0].rows
    for call in patient.steps[0].calls:
        query = call.argument(0, "query") if call.name == "multi_head_attention_forward" else None
        if isinstance(query, Tensor) and query.ndim == 3 and query.shape[0] == rows != query.shape[1]:
            yield Finding(
                "wrong_axis",
                "root",
                0.96,
                f"attention takes the first axis of {tuple(query.shape)} for positions; it is that of the {rows} rows",
                call.where,
                "batch_first=True, or the positions on the first axis",
            )
            return


_PRODUCTS = {"matmul", "rmatmul", "mm", "spmm", "einsum", "bmm"}
_SCATTERS = {"index_add", "scatter_add", "scatter_reduce", "index_reduce", "segment_reduce"}
_MIXERS = RECURRENT | {"view", "reshape", "multi_head_attention_forward"}


def check_padding(patient: Patient) -> Iterator[Finding]:
    """Whether a recurrent network's answer changes when the padding at the end of a row is cut off."""
    (rows, ask), first = _asked(patient), patient.steps[0]
    if rows is None or not any(call.name in RECURRENT for call in first.calls):
        return
    if rows.ndim not in (2, 3):
        return
    blank = (rows == 0) if rows.ndim == 2 else (rows == 0).all(dim=2)
    patient.tested.add("padding_not_masked")
    steps = blank.shape[1]
    lengths = steps - blank.int().flip(1).cumprod(dim=1).sum(dim=1)
    short = (lengths >= 1) & (lengths <= steps - 2)
    if float(short.double().mean()) < 0.3:
        return
    answers = ask(rows)
    if not torch.equal(answers, ask(rows, seed=1)):
        return  # they are drawn anew in every pass, cut or not
    chosen = short.nonzero().flatten()[:12].tolist()
    try:
        cut = [ask(rows[row : row + 1, : lengths[row]], slice(row, row + 1))[0] for row in chosen]
    except RuntimeError:
        cut = []
    if not cut or any(one.shape != answer.shape for one, answer in zip(cut, answers[chosen], strict=True)):
        patient.tested.discard("padding_not_masked")  # it takes rows of one length alone, or answers at every step
        return
    moved = [float((one - answer).abs().max()) for one, answer in zip(cut, answers[chosen], strict=True)]
    spread = float(answers.std())
    typical = sorted(moved)[len(moved) // 2]
    if typical > 0.05 * spread or (spread < 1e-3 and typical > 1e-4):
        padded = float(1 - lengths.double().mean() / steps)
        yield Finding(
            "padding_not_masked",
            "root" if padded > 0.3 else "costs",
            0.9,
            f"{padded:.0%} of the steps are padding; without it, the same rows get answers that differ by "
            f"{typical:.2g} (answers spread by {spread:.2g} over the rows)",
            next((call.where for call in first.calls if call.name in _MIXERS), line_of(first.calls)),
            "pack_padded_sequence, or read the state at each row's last real step",
        )
