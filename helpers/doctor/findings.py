"""What the doctor can say: its vocabulary of causes, a finding, and the diagnosis that holds the findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from helpers.doctor.source import place

LESSONS = {
    "start": "00_start_here",
    "imbalance": "01_class_imbalance",
    "scaling": "02_feature_scaling",
    "sigmoid": "03_missing_sigmoid",
    "overfitting": "04_overfitting",
    "optimizer": "05_optimizer_choice",
}

# cause: (what it says, the lesson that explains it)
CAUSES = {
    "double_sigmoid": ("the sigmoid is applied twice", "sigmoid"),
    "softmax_before_ce": ("softmax is applied before a loss that applies it again", "sigmoid"),
    "bce_on_logits": ("BCELoss gets outputs that are not probabilities", "sigmoid"),
    "ce_single_output": ("cross entropy gets a single output, so its loss and its gradient are always 0", "sigmoid"),
    "softmax_single_output": ("softmax over a single output always gives 1", "sigmoid"),
    "nll_on_probabilities": ("NLLLoss gets something other than log probabilities", "sigmoid"),
    "relu_on_output": ("a ReLU on the output forbids the answer 'no'", "sigmoid"),
    "no_nonlinearity": ("the layers are stacked without an activation, which makes them one linear layer", "start"),
    "shape_broadcast": ("outputs and targets broadcast, so every row is compared with every other", "sigmoid"),
    "loss_sign": ("the loss is maximised: its gradient pushes every row away from its label", "sigmoid"),
    "label_encoding": ("the targets are not 0 and 1", "start"),
    "labels_single_class": ("all labels are the same", "start"),
    "labels_misaligned": ("the labels do not belong to the rows they stand beside", "start"),
    "label_noise": ("many labels are wrong", "start"),
    "weak_signal": ("the features say hardly anything about the label", "start"),
    "class_weights_wrong": ("the class weights outweigh one class altogether", "imbalance"),
    "imbalance": ("one class is rare, and the threshold misses it", "imbalance"),
    "threshold_not_tuned": ("the scores rank well, but the threshold does not fit", "imbalance"),
    "unscaled_features": ("the features are on raw, very different or shifted scales", "scaling"),
    "preprocess_mismatch": ("rows for evaluation are not prepared like those for training", "scaling"),
    "nan_features": ("the features hold NaN or infinite values", "start"),
    "nan_loss": ("the loss became NaN or infinite", "optimizer"),
    "unshuffled_data": ("the rows come sorted and are not shuffled", "optimizer"),
    "data_leakage": ("rows for evaluation are also in the training set", "start"),
    "no_zero_grad": ("gradients are never cleared and pile up", "optimizer"),
    "no_optimizer_step": ("the optimizer never takes a step", "optimizer"),
    "optimizer_wrong_params": ("the optimizer holds other parameters than the model's", "start"),
    "frozen_params": ("parameters that should train have requires_grad=False", "start"),
    "unregistered_params": ("layers that the model uses are not registered as its own", "start"),
    "layer_in_forward": ("a layer is made anew in every forward pass", "start"),
    "graph_detached": ("the graph is cut between the loss and the layers", "start"),
    "nondifferentiable_output": (
        "the output is rounded or compared before the loss, so there is no gradient",
        "sigmoid",
    ),
    "lr_too_high": ("the learning rate is too high", "optimizer"),
    "lr_too_low": ("the learning rate is too low", "optimizer"),
    "undertrained": ("far too few steps were taken", "optimizer"),
    "scheduler_misuse": ("the scheduler kills the learning rate", "optimizer"),
    "vanishing_gradients": ("the gradient dies on its way to the first layers", "start"),
    "dead_relu": ("ReLU units give 0 for every row", "start"),
    "bad_init": ("the initial weights are too large, too small or all alike", "start"),
    "regularisation_too_strong": ("weight decay or dropout suppresses learning", "overfitting"),
    "overfitting": ("the training rows are memorised", "overfitting"),
    "underfitting": ("the network is too small", "overfitting"),
    "train_mode_missing": ("the model is trained in eval mode", "overfitting"),
    "eval_mode_missing": ("the model is evaluated in training mode", "overfitting"),
    "functional_dropout": ("dropout stays active in evaluation, whatever the mode", "overfitting"),
    "batchnorm_stats": ("the running statistics of batch normalisation do not fit the data", "overfitting"),
    "batch_size_too_small": ("batch normalisation sees single rows", "optimizer"),
    "threshold_on_logits": ("logits are compared with 0.5", "sigmoid"),
    "argmax_single_output": ("argmax over a single column is always 0", "sigmoid"),
    "padding_not_masked": ("the recurrent state is read after the padding", "start"),
    "wrong_axis": ("rows of a batch are mixed: an axis is taken for another", "start"),
    "augmentation_too_heavy": ("augmentation destroys what tells the classes apart", "overfitting"),
    "accuracy_broadcast": ("predictions and labels broadcast in the comparison", "sigmoid"),
    "softmax_wrong_dim": ("softmax runs over the batch instead of the classes", "sigmoid"),
}

Severity = Literal["root", "costs", "note"]
LOSS = "training loss, as your loss function counts it"
PAIRS = "share of pairs of rows, one of each class, ranked wrongly"
_RANK = {"root": 0, "costs": 1, "note": 2}


DIRECT = "not tried: the evidence is direct"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    cause: one of `CAUSES`. confidence: from 0 to 1. severity: "root" keeps the network from learning or its results
    from being right; "costs" makes them worse; "note" is worth knowing. evidence: what was seen, with the numbers.
    where: file and line of the learner's code. fix: what to write instead. confirmed: what came of trying the fix, or
    why that was not possible. curves: what a re-run came to by step, without and with the fix, in this unit.
    measured: the numbers of the evidence that are to be compared with each other, by what they were measured on.
    """

    cause: str
    severity: Severity
    confidence: float
    evidence: str
    where: str = "unknown"
    fix: str = ""
    confirmed: str = DIRECT
    curves: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    measured: Mapping[str, float] = field(default_factory=dict)
    unit: str = LOSS

    def __post_init__(self) -> None:
        if self.cause not in CAUSES:
            raise ValueError(f"cause is {self.cause!r}; expected one of {', '.join(CAUSES)}")

    @property
    def notebook(self) -> str:
        """The lesson that explains the cause."""
        return LESSONS[CAUSES[self.cause][1]]

    def __repr__(self) -> str:
        sure = f"{self.severity}, {100 * self.confidence:.0f} % sure"
        return f"<{self.cause} ({sure}), {place(self.where)}: {self.evidence}>"


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong, the root cause first; what was tested and ruled out; what could not be tested, and why.

    losses: the loss at each backward() of the watched training. idle: the loss of the best answer that is the same for
    every row.
    """

    findings: tuple[Finding, ...]
    ruled_out: tuple[str, ...]
    untested: tuple[str, ...]
    losses: tuple[float, ...] = ()
    idle: float = inf

    @property
    def healthy(self) -> bool:
        """Whether nothing was found that keeps the network from learning or makes its results worse."""
        return all(finding.severity == "note" for finding in self.findings)

    def __str__(self) -> str:
        from helpers.doctor.report import text  # which imports this module

        return text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from helpers.doctor.report import html

        return html(self)


# Of several root causes, first those that let nothing be learnt, then others, then those that only spoil the
# evaluation; last too few steps, for more of them help against much.
NOTHING_LEARNT = {"optimizer_wrong_params", "no_optimizer_step", "layer_in_forward", "graph_detached", "nan_features",
                  "nondifferentiable_output", "ce_single_output", "softmax_single_output",
                  "vanishing_gradients"}  # fmt: skip
EVALUATION = {"eval_mode_missing", "functional_dropout", "threshold_on_logits", "argmax_single_output",
              "accuracy_broadcast", "threshold_not_tuned"}  # fmt: skip


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, one for each cause, the gravest and surest first."""

    def rank(finding: Finding) -> tuple[float, ...]:
        stops = finding.cause in NOTHING_LEARNT or (finding.cause == "nan_loss" and finding.confidence > 0.9)
        depth = (finding.cause in EVALUATION) - stops + 2 * (finding.cause == "undertrained")
        return _RANK[finding.severity], depth, -finding.confidence

    best: dict[str, Finding] = {}
    for finding in sorted(findings, key=rank):
        best.setdefault(finding.cause, finding)
    return tuple(best.values())
