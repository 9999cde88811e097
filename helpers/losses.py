"""Losses for one output per row, each computed row by row so that many networks can share one call."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

Takes = Literal["logits", "probabilities"]


class Loss(Protocol):
    """What a `Recipe` minimises: the mean of these losses over a batch.

    takes says how the loss reads the network's outputs: as logits (log odds) or as probabilities. A loss may have a
    method `gradient` of the same arguments, the derivative of each row's loss by its output; it spares autograd.
    """

    @property
    def takes(self) -> Takes: ...

    def __call__(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of each row; outputs, labels (0.0 or 1.0) and result all have the same shape."""
        ...


def probabilities(loss: Loss, outputs: Tensor) -> Tensor:
    """Return the probability of label 1 that outputs mean to a network trained with this loss, same shape."""
    return torch.sigmoid(outputs) if loss.takes == "logits" else outputs


@dataclass(frozen=True)
class BCEWithLogits:
    """Binary cross entropy of logits: −log p of the label, with p = sigmoid(output), as `nn.BCEWithLogitsLoss`.

    smoothing: the label becomes label × (1 − smoothing) + smoothing / 2 (Szegedy et al., "Rethinking the Inception
    Architecture", 2016, section 7, for two classes). Raises ValueError if it is outside [0, 1).
    """

    smoothing: float = 0.0
    takes: ClassVar[Takes] = "logits"

    def __post_init__(self) -> None:
        if not 0 <= self.smoothing < 1:
            raise ValueError(f"smoothing is {self.smoothing!r}; expected a share of at least 0 and below 1")

    def _targets(self, labels: Tensor) -> Tensor:
        return labels * (1 - self.smoothing) + self.smoothing / 2 if self.smoothing else labels

    def __call__(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of each row, in nats; outputs, labels (0.0 or 1.0) and result have the same shape."""
        return F.binary_cross_entropy_with_logits(outputs, self._targets(labels), reduction="none")

    def gradient(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Return the derivative of each row's loss by its output, sigmoid(output) − label, of the same shape."""
        return torch.sigmoid(outputs).sub_(self._targets(labels))


@dataclass(frozen=True)
class BCE:
    """Binary cross entropy of probabilities, as `nn.BCELoss`: its logarithms are cut off at −100."""

    takes: ClassVar[Takes] = "probabilities"

    def __call__(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of each row, in nats; outputs, labels (0.0 or 1.0) and result have the same shape.

        Raises RuntimeError for outputs outside [0, 1]. NaN, the mark of a run that has diverged, stays NaN.
        """
        diverged = outputs.isnan()
        return F.binary_cross_entropy(outputs.masked_fill(diverged, 0.5), labels, reduction="none") + outputs * 0.0


@dataclass(frozen=True)
class Focal:
    """Focal loss of logits: (1 − p)^gamma × (−log p) of the label, with p = sigmoid(output) for label 1.

    Lin et al., "Focal Loss for Dense Object Detection", 2017, equation 4; their α is the recipe's `pos_weight`.
    With gamma 0 it is `BCEWithLogits`.
    """

    gamma: float = 2.0
    takes: ClassVar[Takes] = "logits"

    def __post_init__(self) -> None:
        if not self.gamma >= 0:
            raise ValueError(f"gamma is {self.gamma!r}; expected a number of at least 0")

    def __call__(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of each row, in nats; outputs, labels (0.0 or 1.0) and result have the same shape."""
        doubt = torch.sigmoid(outputs * (1 - 2 * labels))
        return doubt**self.gamma * F.binary_cross_entropy_with_logits(outputs, labels, reduction="none")

    def gradient(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Return the derivative of each row's loss by its output, of the same shape (Lin et al., appendix B)."""
        away = 1 - 2 * labels
        doubt = torch.sigmoid(outputs * away)
        surprise = F.binary_cross_entropy_with_logits(outputs, labels, reduction="none")
        return away * doubt**self.gamma * (self.gamma * (1 - doubt) * surprise + doubt)


@dataclass(frozen=True)
class SquaredError:
    """Squared difference of output and label, (output − label)², as `nn.MSELoss`.

    takes: how the outputs are read afterwards. "probabilities" fits a network that ends in a sigmoid; "logits" is the
    mistake of a network without one whose outputs are squeezed by a sigmoid only when it predicts.
    """

    takes: Takes = "probabilities"

    def __post_init__(self) -> None:
        if self.takes not in ("logits", "probabilities"):
            raise ValueError(f"takes is {self.takes!r}; expected 'logits' or 'probabilities'")

    def __call__(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of each row; outputs, labels (0.0 or 1.0) and result have the same shape."""
        return (outputs - labels) ** 2
