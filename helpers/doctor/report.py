"""The page on which a diagnosis is read, in a notebook and in a terminal."""

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from html import escape
from math import isfinite
from typing import Any

from helpers.doctor import pictures
from helpers.doctor.findings import CAUSES, LOSS, PAIRS, Diagnosis, Finding
from helpers.doctor.pictures import Line
from helpers.doctor.rewrite import Change, change
from helpers.doctor.source import Source, place

WIDTH = 100  # columns of a terminal
Row = tuple[str, int | None, str]  # a mark, the number of the line, which new ones do not have yet, and the text

GROUPS = {
    "loss and labels": "double_sigmoid softmax_before_ce bce_on_logits ce_single_output softmax_single_output "
    "softmax_wrong_dim nll_on_probabilities relu_on_output shape_broadcast loss_sign label_encoding "
    "labels_single_class labels_misaligned label_noise class_weights_wrong nondifferentiable_output graph_detached",
    "steps and parameters": "no_zero_grad no_optimizer_step optimizer_wrong_params frozen_params unregistered_params "
    "layer_in_forward no_nonlinearity lr_too_high lr_too_low undertrained scheduler_misuse vanishing_gradients "
    "dead_relu bad_init regularisation_too_strong underfitting train_mode_missing batch_size_too_small nan_loss",
    "data": "unscaled_features nan_features unshuffled_data weak_signal imbalance augmentation_too_heavy "
    "padding_not_masked wrong_axis",
    "evaluation": "threshold_on_logits argmax_single_output accuracy_broadcast threshold_not_tuned eval_mode_missing "
    "functional_dropout batchnorm_stats preprocess_mismatch data_leakage overfitting",
}
_SEVERITY = {
    "root": "keeps the network from learning, or its results from being right",
    "costs": "makes the results worse",
    "note": "worth knowing",
}
# what a change of the line may ask for elsewhere
_AFTERWARDS = {
    "double_sigmoid": "Where these outputs are compared with 0.5 to predict, compare logits with 0 from now on.",
}
_STYLE = """
.doctor {max-width: 760px; font-size: 14px; line-height: 1.45; color: var(--jp-content-font-color1, inherit)}
.doctor h3 {font-size: 20px; line-height: 1.25; margin: 4px 0 2px; font-weight: 600}
.doctor h4 {font-size: 14px; margin: 14px 0 2px; font-weight: 600}
.doctor p {margin: 2px 0 4px}
.doctor .quiet {opacity: .75}
.doctor section {border-left: 3px solid var(--doctor-a); padding-left: 14px; margin: 10px 0}
.doctor section.note, .doctor section.healthy {border-color: var(--doctor-b)}
.doctor section pre {margin: 4px 0; padding: 6px 0; overflow-x: auto; line-height: 1.45; font-size: 13px;
  font-family: var(--jp-code-font-family, monospace); background: var(--jp-layout-color2, #8881); color: inherit}
.doctor section pre span {display: block; padding: 0 10px; white-space: pre}
.doctor section pre .gone {background: #d55e0033; border-left: 3px solid var(--doctor-a); padding-left: 7px}
.doctor section pre .new {background: #0072b233; border-left: 3px solid var(--doctor-b); padding-left: 7px}
.doctor section pre .here {background: #8883; border-left: 3px solid currentColor; padding-left: 7px}
.doctor code {font-family: var(--jp-code-font-family, monospace); font-size: .93em; background: none; padding: 0}
.doctor details {margin: 8px 0}
.doctor summary {cursor: pointer}
.doctor details details {margin: 4px 0 4px 14px}
.doctor .causes {columns: 2 300px; column-gap: 24px; font-size: 12px; line-height: 1.35; margin-left: 14px}
.doctor .causes div {padding-left: 10px; text-indent: -10px; break-inside: avoid; cursor: help}
.doctor .causes h4 {font-size: 12px; margin: 6px 0 1px; break-after: avoid}
"""


# ------------------------------------------------------------ in a notebook


def html(diagnosis: Diagnosis) -> str:
    """Return the page as HTML: pictures inside, no script."""
    first, others = _first_and_others(diagnosis)
    parts = [f"<style>{pictures.STYLE}{_STYLE}</style>", f"<h3>{_prose(verdict(diagnosis))}</h3>"]
    if first is not None:
        parts.append(_section(first, diagnosis))
    elif diagnosis.losses:
        said = _prose(_course(diagnosis))
        parts.append(f'<section class="healthy"><p>{said}</p>{_own_losses(diagnosis)}</section>')
    if others:
        inner = "".join(
            f"<details><summary>{_prose(_sentence(_what(one)))} "
            f'<span class="quiet">({_SEVERITY[one.severity]}, {_sure(one)})</span></summary>'
            f"{_section(one, diagnosis)}</details>"
            for one in others
        )
        parts.append(_folded(_others_title(diagnosis, others), inner, opened=first is None))
    if diagnosis.ruled_out:
        title = f"Ruled out: {_count(diagnosis.ruled_out, 'other cause' if first else 'cause')}"
        parts.append(_folded(title, _table(diagnosis.ruled_out), opened=first is None))
    if diagnosis.untested:
        inner = "".join(f"<p>{_prose(_sentence(reason))}</p>" for reason in diagnosis.untested)
        parts.append(_folded("Could not be tested", inner, opened=not diagnosis.ruled_out))
    return f'<div class="doctor">{"".join(parts)}</div>'


def _section(finding: Finding, diagnosis: Diagnosis) -> str:
    proposed = change(finding)
    parts = [
        f'<p class="quiet">{_severity(finding, diagnosis)}, {_sure(finding)} · <code>{finding.cause}</code></p>',
        f"<h4>What was seen</h4><p>{_prose(_sentence(finding.evidence))}</p>",
        pictures.bars(finding.measured),
        "" if finding.measured or finding.curves else _own_losses(diagnosis),
        "<h4>What to change</h4>" if finding.fix or proposed else "",
        f"<p>{_prose(_sentence(finding.fix))}</p>" if finding.fix else "",
        *(_code(title, rows) for title, rows in _quotes(finding, proposed)),
        f"<p>{_AFTERWARDS[finding.cause]}</p>" if proposed and finding.cause in _AFTERWARDS else "",
        f"<h4>Whether it helps</h4><p>{_prose(_sentence(finding.confirmed))}</p>",
    ]
    if finding.curves:
        without, fixed = finding.curves
        lines = [Line("without the change", without, "a"), Line("with the change", fixed, "b")]
        parts.append(pictures.curves(lines, 0.5 if finding.unit == PAIRS else diagnosis.idle, finding.unit))
    parts.append(f'<p>Why this is so: <a href="{finding.notebook}.ipynb">{_lesson(finding.notebook)}</a></p>')
    return f'<section class="{finding.severity}">{"".join(parts)}</section>'


def _own_losses(diagnosis: Diagnosis) -> str:
    return pictures.curves([Line("your training", diagnosis.losses, "b")], diagnosis.idle, LOSS)


def _code(title: str, rows: list[Row]) -> str:
    kinds = {"-": "gone", "+": "new", ">": "here", " ": ""}
    shown = "".join(f'<span class="{kinds[row[0]]}">{escape(_line(row))}\n</span>' for row in rows)
    return f'<p class="quiet">{escape(_capital(title))}</p><pre>{shown}</pre>'


def _folded(title: str, inner: str, opened: bool) -> str:
    return f"<details{' open' if opened else ''}><summary><b>{escape(title)}</b></summary>{inner}</details>"


def _table(causes: Sequence[str]) -> str:
    rows = []
    for group, members in _grouped(causes):
        rows.append(f"<h4>{_capital(group)}</h4>")
        rows += [f'<div title="{cause}">{escape(CAUSES[cause][0])}</div>' for cause in members]
    return f'<div class="causes">{"".join(rows)}</div>'


def _prose(text: str) -> str:
    """Text as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


# ------------------------------------------------------------ in a terminal


def text(diagnosis: Diagnosis) -> str:
    """Return the same as plain text, at most 100 columns wide."""
    first, others = _first_and_others(diagnosis)
    parts = [_wrapped(verdict(diagnosis), "")]
    if first is not None:
        parts += ["", _text_of(first, diagnosis)]
    elif diagnosis.losses:
        parts.append(_wrapped(_course(diagnosis), ""))
    if others:
        parts += ["", f"{_others_title(diagnosis, others).upper()}"]
        parts += [f"\n{_wrapped(_sentence(_what(one)), '')}\n{_text_of(one, diagnosis)}" for one in others]
    if diagnosis.ruled_out:
        parts += ["", f"RULED OUT: {_count(diagnosis.ruled_out, 'CAUSE')}"]
        parts += [_wrapped(", ".join(members), f"  {group:22}") for group, members in _grouped(diagnosis.ruled_out)]
    if diagnosis.untested:
        parts += ["", "COULD NOT BE TESTED"]
        parts += [_wrapped(_sentence(reason), "  ") for reason in diagnosis.untested]
    return "\n".join(parts)


def _text_of(finding: Finding, diagnosis: Diagnosis) -> str:
    proposed = change(finding)
    parts = [
        _wrapped(f"{_severity(finding, diagnosis)}, {_sure(finding)} ({finding.cause})", "  "),
        _wrapped(_sentence(finding.evidence), "  seen    "),
        *(f"          {name}: {pictures.number(value)}" for name, value in finding.measured.items()),
        _wrapped(_sentence(finding.fix), "  change  ") if finding.fix else "",
    ]
    for title, rows in _quotes(finding, proposed):
        parts.append(_wrapped(title, "  where   "))
        parts += [_cut(f"        {_line(row)}") for row in rows]
    if not _quotes(finding, proposed):
        parts.append(_wrapped(place(finding.where), "  where   "))
    if proposed and finding.cause in _AFTERWARDS:
        parts.append(_wrapped(_AFTERWARDS[finding.cause], "          "))
    parts += [
        _wrapped(_sentence(finding.confirmed), "  tried   "),
        f"  lesson  notebooks/{finding.notebook}.ipynb",
    ]
    return "\n".join(filter(None, parts))


def as_json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis for machines: an object of healthy, findings, ruled_out and untested.

    What is no number, in curves and measurements, is null.
    """
    whole = {
        "healthy": diagnosis.healthy,
        "findings": [asdict(finding) | {"notebook": finding.notebook} for finding in diagnosis.findings],
        "ruled_out": diagnosis.ruled_out,
        "untested": diagnosis.untested,
    }
    return json.dumps(_plain(whole), indent=1)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _line(row: Row) -> str:
    mark, number, words = row
    return f"{mark} {'' if number is None else number:>4}  {words}"


def _cut(line: str) -> str:
    return line.rstrip() if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def _wrapped(words: str, lead: str) -> str:
    return textwrap.fill(words, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead), break_on_hyphens=False)


# ------------------------------------------------------------ what both say


def verdict(diagnosis: Diagnosis) -> str:
    """Return one sentence that says what is wrong, or that nothing is."""
    first, _ = _first_and_others(diagnosis)
    if first is not None:
        what = _what(first)
        return _sentence(what) if first.severity == "root" else f"The network learns, but {what}."
    if not diagnosis.ruled_out:
        return "There was nothing to diagnose."
    noted = ", one thing is worth knowing" if len(diagnosis.findings) == 1 else ""
    noted = f", {len(diagnosis.findings)} things are worth knowing" if len(diagnosis.findings) > 1 else noted
    count = _count(diagnosis.ruled_out, "cause")
    were = "was" if len(diagnosis.ruled_out) == 1 else "were"
    return f"Nothing is wrong that these tests can see{noted}, and {count} {were} ruled out."


def _course(diagnosis: Diagnosis) -> str:
    """Say how the loss of a healthy training went."""
    numbers = [loss for loss in diagnosis.losses if isfinite(loss)]
    if not numbers:
        return "The loss was never a number."
    first, last = numbers[: max(1, len(numbers) // 50)], numbers[-max(1, len(numbers) // 10) :]
    begun, ended = sum(first) / len(first), sum(last) / len(last)
    said = f"In {_count(diagnosis.losses, 'step')} the training loss went from {begun:.2f} to {ended:.2f}"
    if isfinite(diagnosis.idle):
        said += f"; the best answer that is the same for every row would have cost {diagnosis.idle:.2f}"
    return said + "."


def _first_and_others(diagnosis: Diagnosis) -> tuple[Finding | None, tuple[Finding, ...]]:
    """The finding that comes on top, unless there are only notes, and the others."""
    if not diagnosis.findings or diagnosis.findings[0].severity == "note":
        return None, diagnosis.findings
    return diagnosis.findings[0], diagnosis.findings[1:]


def _others_title(diagnosis: Diagnosis, others: Sequence[Finding]) -> str:
    if diagnosis.healthy:
        return "Worth knowing"
    symptoms = "a symptom" if len(others) == 1 else "symptoms"
    return f"{_count(others, 'further finding')}, which may be {symptoms} of the first"


def _severity(finding: Finding, diagnosis: Diagnosis) -> str:
    top = finding is diagnosis.findings[0] and finding.severity == "root"
    return "Root cause" if top else _capital(_SEVERITY[finding.severity])


def _sure(finding: Finding) -> str:
    return f"{100 * finding.confidence:.0f} % sure"


def _what(finding: Finding) -> str:
    return CAUSES[finding.cause][0]


def _quotes(finding: Finding, proposed: Change | None) -> list[tuple[str, list[Row]]]:
    """The finding's line and the change, each with its place."""
    source = Source.of(finding.where)
    if source is None:
        return []
    quoted = _rows(source, range(source.number, source.number + 1), None)
    if proposed is None:
        return [(place(finding.where), quoted)]
    changed = _rows(proposed.source, proposed.lines, proposed.new)
    first = next((number for mark, number, _ in changed if mark == "-"), proposed.source.number)
    there = place(f"{proposed.source.file}:{first}")
    if source.number in proposed.lines:
        return [(there, changed)]
    return [(f"seen in {place(finding.where)}", quoted), (f"to change in {there}", changed)]


def _rows(source: Source, lines: range, new: list[str] | None, around: int = 2) -> list[Row]:
    """These lines, or what goes and comes if new ones take their place, with some lines before and after."""
    old = [source.lines[number - 1] for number in lines]
    middle: list[Row] = [(">", number, line) for number, line in zip(lines, old, strict=True)]
    if new is not None:
        middle = list(_difference(lines, old, new))
    before, after = source.context(lines, around)
    outer: list[list[Row]] = [[(" ", number, source.lines[number - 1]) for number in part] for part in (before, after)]
    rows = [*outer[0], *middle, *outer[1]]
    marked = [position for position, row in enumerate(rows) if row[0] != " "]
    rows = rows[max(0, marked[0] - around) : marked[-1] + 1 + around]
    margin = min((len(line) - len(line.lstrip()) for _, _, line in rows if line.strip()), default=0)
    return [(mark, number, line[margin:]) for mark, number, line in rows]


def _difference(lines: range, old: list[str], new: list[str]) -> Iterator[Row]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for position in range(a, b):
            yield (" " if kind == "equal" else "-", lines[position], old[position])
        if kind != "equal":
            yield from (("+", None, line) for line in new[c:d])


def _grouped(causes: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The causes by group, as far as there are any; what is in no group comes last."""
    known = {cause for members in GROUPS.values() for cause in members.split()}
    groups = [(group, [cause for cause in causes if cause in members.split()]) for group, members in GROUPS.items()]
    groups.append(("others", [cause for cause in causes if cause not in known]))
    return [(group, members) for group, members in groups if members]


def _lesson(notebook: str) -> str:
    number, _, words = notebook.partition("_")
    return f"lesson {number}, {words.replace('_', ' ')}"


def _count(things: Sequence[Any], name: str) -> str:
    return f"{len(things):,} {name}" + ("" if len(things) == 1 else "S" if name.isupper() else "s")


def _capital(words: str) -> str:
    """With a capital, unless it begins with code."""
    first = words.split(" ", 1)[0]
    return words[:1].upper() + words[1:] if re.fullmatch(r"[a-z]+[,:;'’]?\w*", first) else words


def _sentence(words: str) -> str:
    words = _capital(words.strip())
    return words if words.endswith((".", "!", "?")) or not words else f"{words}."
