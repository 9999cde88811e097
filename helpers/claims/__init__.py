"""The advice that the course puts to the test, and the ledger of what came out.

A lesson hands its evidence to a claim and shows the verdict. The ledger is read from the outputs stored in the
notebooks, so that the strict comparison of outputs guards it: `python -m helpers.claims`, or `… --json`.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from helpers.scores import Difference, Interval

MIME = "application/vnd.measured-advice.verdict+json"
MINIMUM_SEEDS, MINIMUM_TASKS = 20, 2
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"

# family: {id: what is said}
_ADVICE = {
    "data": {
        "imbalance-hides-in-accuracy": "with nine rows of one class to one of the other, a network can score high "
        "accuracy with no power to discriminate",
        "imbalance-needs-pos-weight": "without pos_weight = negatives / positives the boundary is badly biased",
        "smote-lifts-recall-and-accuracy": "SMOTE lifts the recall of the minority much, and overall accuracy with it",
        "undersampling-and-cost-are-equal": "over-sampling, under-sampling and a cost-sensitive loss are equally good",
        "unscaled-features-dominate": "features with large numbers dominate the gradient; the network learns slowly "
        "or not at all",
        "any-scaling-will-do": "z-score or min–max, either will do",
        "images-need-intensity-scaling": "images from different scanners are learned slower and worse unless their "
        "intensities are standardised",
        "integer-codes-are-enough": "categories want one-hot or integer codes",
        "label-errors-blur-the-boundary": "with a part of the labels wrong, the network struggles",
        "a-ratio-feature-helps": "a ratio such as amount over the customer's own mean lifts fraud detection much",
    },
    "outputs": {
        "missing-sigmoid-confuses": "without the last sigmoid the network gives logits, and results are read wrongly",
        "network-needs-its-sigmoid": "the network ends in the sigmoid and is trained with the loss that takes logits",
    },
    "model": {
        "deep-nets-vanish-or-explode": "deeper networks meet vanishing or exploding gradients unless initialised "
        "with care",
        "initial-weights-too-small-or-large": "weights that start too small or too large keep the network from "
        "learning",
        "linear-is-enough-when-separable": "a linear model suffices for linearly separable data; intricate patterns "
        "want CNNs or RNNs",
        "too-simple-underfits": "a model too simple misses the data's structure, one too complex memorises it",
    },
    "optimisation": {
        "learning-rate-decides": "a poor learning rate ends in poor minima or divergence",
        "sgd-momentum-beats-adam": "SGD with momentum beats Adam by about 5 % on text",
        "rmsprop-is-an-alternative": "RMSprop suits some data sets better",
        "big-batches-are-unstable": "batches too large make the gradient updates unstable",
    },
    "regularising": {
        "adam-weight-decay-is-l2": "Adam(weight_decay=0.01) is L2 regularisation",
        "dropout-closes-the-gap": "dropout's benefit is plain from comparing the two training losses",
        "l1-and-l2-help": "L1 or L2 penalties prevent overfitting",
    },
    "validating": {
        "early-stopping-on-accuracy": "watch accuracy on the held-out set, keep the best weights, stop after 10 epochs "
        "without gain",
        "stalled-validation-means-overfitting": "validation stalls while the training loss falls: overfitting",
        "scaler-before-the-split": "fitting the scaler on all rows before splitting does no harm",
        "falling-loss-proves-the-cure": "the training loss falls, so the treatment works",
    },
    "loss": {
        "focal-loss-for-imbalance": "focal loss suits imbalanced data better",
        "bce-fails-on-overlap": "BCE misjudges when examples belong to both classes to a degree",
    },
}


@dataclass(frozen=True)
class Claim:
    """A piece of common advice: its id, its family, and what is said, in our words."""

    id: str
    family: str
    said: str

    def judge(self, evidence: Iterable[Difference]) -> "Verdict":
        """Return the verdict on this evidence, to be shown as the value of a cell.

        Raises ValueError for evidence from fewer than 20 seeds or fewer than 2 tasks.
        """
        evidence = tuple(evidence)
        fewest = min((difference.seeds + difference.diverged for difference in evidence), default=0)
        if fewest < MINIMUM_SEEDS:
            raise ValueError(
                f"evidence on {self.id} has a comparison over {fewest} seeds; expected at least {MINIMUM_SEEDS}"
            )
        tasks = {difference.task for difference in evidence}
        if len(tasks) < MINIMUM_TASKS:
            raise ValueError(f"evidence on {self.id} comes from {len(tasks)} task; expected at least {MINIMUM_TASKS}")
        return Verdict(self, evidence)


CLAIMS = {id: Claim(id, family, said) for family, advice in _ADVICE.items() for id, said in advice.items()}


def claim(id: str) -> Claim:
    """Return the claim with this id.

    Raises ValueError if there is none.
    """
    if id not in CLAIMS:
        raise ValueError(f"id is {id!r}; expected one of {', '.join(CLAIMS)}")
    return CLAIMS[id]


@dataclass(frozen=True)
class Verdict:
    """What the evidence says of a claim. The verdict is computed from the evidence, never stated."""

    claim: Claim
    evidence: tuple[Difference, ...]

    def _by_condition(self) -> dict[str, list[str]]:
        """What the evidence says, and the conditions under which it says so."""
        outcomes: dict[str, set[str]] = {}
        for difference in self.evidence:
            outcomes.setdefault(difference.when, set()).add(difference.outcome)
        conditions: dict[str, list[str]] = {}
        for when, found in outcomes.items():
            if "open" in found:
                said = "open"
            elif len(found) > 1:
                said = "no rule found"
            else:
                said = "holds" if found == {"supports"} else "refuted"
            conditions.setdefault(said, []).append(when)
        return conditions

    @property
    def text(self) -> str:
        """The verdict in words.

        Under one condition the claim "holds" if all evidence supports it and is "refuted" if all contradicts it; it is
        "open" if any of it leaves the question open, and there is "no rule found" if tasks disagree. If conditions
        differ, each is named: "holds when …, not when …, open when …".
        """
        conditions = self._by_condition()
        if len(conditions) == 1:
            return next(iter(conditions))
        words = {
            "holds": "holds when",
            "refuted": "not when",
            "no rule found": "no rule found when",
            "open": "open when",
        }
        return ", ".join(f"{words[said]} {' or '.join(conditions[said])}" for said in words if said in conditions)

    @property
    def kind(self) -> str:
        """The verdict in short: "holds", "holds when", "refuted", "no rule found" or "open"."""
        conditions = self._by_condition()
        if len(conditions) == 1:
            return next(iter(conditions))
        return "holds when" if "holds" in conditions else "open"

    def as_dict(self) -> dict[str, Any]:
        """Return claim, verdict and evidence as plain data, the figures rounded to what their intervals support."""
        rows = []
        for difference in self.evidence:
            digits = _interval(difference).digits
            rounded = {name: round(getattr(difference, name), digits) for name in ("effect", "low", "high")}
            rows.append(asdict(difference) | rounded | {"won": round(difference.won, 2), "outcome": difference.outcome})
        return {"id": self.claim.id, "said": self.claim.said, "verdict": self.text, "kind": self.kind, "evidence": rows}

    def __str__(self) -> str:
        lines = [f"{self.claim.id}: {self.text.upper() if self.text == self.kind else self.text}",
                 f"  said: {self.claim.said}"]  # fmt: skip
        for difference in self.evidence:
            when = f" [{difference.when}]" if difference.when else ""
            lines.append(
                f"  {difference.outcome:11} {difference.what} on {difference.task}{when}: {figures(difference)}"
            )
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": self._html(), MIME: self.as_dict()}

    def _html(self) -> str:
        names = ("compared", "on", "when", "effect", "95 % interval", "matters from", "seeds", "above 0", "evidence")
        head = "".join(f"<th style='text-align: left'>{name}</th>" for name in names)
        rows = ""
        for found in self.evidence:
            cells = [found.what, found.task, found.when, *_cells(found), found.outcome]
            rows += "<tr>" + "".join(f"<td style='text-align: left'>{escape(cell)}</td>" for cell in cells) + "</tr>"
        verdict = f"<b>{escape(self.claim.id)}</b>: “{escape(self.claim.said)}” – <b>{escape(self.text)}</b>"
        return f"<p>{verdict}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _interval(difference: Difference) -> Interval:
    return Interval(difference.effect, difference.low, difference.high, difference.seeds)


def _cells(difference: Difference) -> list[str]:
    digits = _interval(difference).digits
    sign = {"higher": "+", "lower": "−", "equal": "±"}[difference.says]
    return [
        f"{difference.effect:+.{digits}f}",
        f"{difference.low:+.{digits}f} to {difference.high:+.{digits}f}",
        f"{sign}{difference.margin:g}",
        f"{difference.seeds}" + (f" ({difference.diverged} diverged)" if difference.diverged else ""),
        f"{difference.won:.0%}",
    ]


def figures(difference: Difference) -> str:
    """Return effect, interval, margin and seeds in one line."""
    effect, span, margin, seeds, won = _cells(difference)
    return f"{effect} ({span}), matters from {margin}, {seeds} seeds, {won} above 0"


def ledger(folder: Path = NOTEBOOKS) -> dict[str, dict[str, Any]]:
    """Return the verdicts stored in the notebooks of a folder, by claim id, each with the name of its "lesson".

    Raises ValueError if two cells settle the same claim, or one settles a claim that does not exist.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        for verdict in (output["data"][MIME] for output in outputs if MIME in output.get("data", {})):
            id = claim(verdict["id"]).id
            if id in found:
                raise ValueError(
                    f"{path.name} settles {id}, but {found[id]['lesson']} does so too; expected one verdict"
                )
            found[id] = verdict | {"lesson": path.stem}
    return found


def headline(verdicts: dict[str, dict[str, Any]]) -> str:
    """Return the ledger in one sentence."""
    kinds = [verdict["kind"] for verdict in verdicts.values()]
    labels = {
        "holds": "holding",
        "holds when": "holding under a condition",
        "refuted": "refuted",
        "no rule found": "following no rule that was found",
        "open": "still open",
    }
    counts = ", ".join(f"{kinds.count(kind)} {label}" for kind, label in labels.items() if kind in kinds)
    return f"{len(kinds)} of {len(CLAIMS)} pieces of advice measured: {counts or 'none yet'}."
