"""The networks that the lessons name."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from helpers.seeding import generator

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}


@dataclass(frozen=True)
class MLP:
    """A multi-layer perceptron with one output; without hidden layers it is logistic regression.

    hidden: the widths of the hidden layers. activation: one of `ACTIVATIONS`, after each hidden layer.
    dropout: the share of hidden units silenced in training, after each activation.
    output: "logit" leaves the last layer as it is, "probability" ends the network in a sigmoid.

    Raises ValueError for anything else.
    """

    hidden: tuple[int, ...] = (64, 32)
    activation: str = "relu"
    dropout: float = 0.0
    output: Literal["logit", "probability"] = "logit"

    def __post_init__(self) -> None:
        widths = isinstance(self.hidden, tuple) and all(type(width) is int and width > 0 for width in self.hidden)
        for valid, name, expected in (
            (widths, "hidden", "a tuple of positive integers"),
            (self.activation in ACTIVATIONS, "activation", f"one of {', '.join(ACTIVATIONS)}"),
            (0 <= self.dropout < 1, "dropout", "a share of at least 0 and below 1"),
            (self.output in ("logit", "probability"), "output", "'logit' or 'probability'"),
        ):
            if not valid:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected {expected}")

    def initial_weights(self, inputs: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield weight, shape [outputs, inputs], and bias, shape [outputs], of each layer, in float64.

        Both are uniform in ±1/√inputs, the distribution that `nn.Linear` starts from.
        """
        rng = generator("initial weights", seed)
        sizes = [inputs, *self.hidden, 1]
        for fan_in, fan_out in pairwise(sizes):
            bound = fan_in**-0.5
            weight = rng.uniform(-bound, bound, (fan_out, fan_in))
            yield torch.from_numpy(weight), torch.from_numpy(rng.uniform(-bound, bound, fan_out))

    def build(self, inputs: int, seed: int) -> nn.Sequential:
        """Return the network for rows of `inputs` features, in float64, with the initial weights of this seed."""
        return self.assemble(self.initial_weights(inputs, seed), seed)

    def assemble(self, weights: Iterable[tuple[Tensor, Tensor]], seed: int) -> nn.Sequential:
        """Return the network with these weights and biases, shaped as in `initial_weights`; the seed is for dropout."""
        layers: list[nn.Module] = []
        for number, (weight, bias) in enumerate(weights):
            layers.append(_linear(weight, bias))
            if number < len(self.hidden):
                layers.append(ACTIVATIONS[self.activation]())
                if self.dropout:
                    layers.append(SeededDropout(self.dropout, dropout_generator(seed, number)))
        if self.output == "probability":
            layers.append(nn.Sigmoid())
        return nn.Sequential(*layers)


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """Return the layer with this weight and bias, without the draws of its constructor, which would be for nothing."""
    linear = nn.Linear.__new__(nn.Linear)
    nn.Module.__init__(linear)
    linear.out_features, linear.in_features = weight.shape
    linear.weight, linear.bias = nn.Parameter(weight), nn.Parameter(bias)
    return linear


@dataclass(frozen=True)
class TokenGRU:
    """A recurrent network for the tokens of `TextResplits`: embeddings, one GRU layer, and one logit per message.

    words: the size of the vocabulary. embedding: numbers per word. width: numbers in the GRU's state.
    Called with the number of positions, which it does not need, it returns the network, in float64.

    Raises ValueError if a size is not a positive integer.
    """

    words: int
    embedding: int = 8
    width: int = 16

    def __post_init__(self) -> None:
        for name in ("words", "embedding", "width"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} is {value!r}; expected a positive integer")

    def __call__(self, inputs: int) -> nn.Module:
        return _TokenGRU(self)


class _TokenGRU(nn.Module):
    def __init__(self, sizes: TokenGRU) -> None:
        super().__init__()
        self.table = nn.Embedding(sizes.words + 1, sizes.embedding, padding_idx=0, dtype=torch.float64)
        self.gru = nn.GRU(sizes.embedding, sizes.width, batch_first=True, dtype=torch.float64)
        self.head = nn.Linear(sizes.width, 1, dtype=torch.float64)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the logit of each message, shape [rows, 1], from the state after its last word, before the filling."""
        states, _ = self.gru(self.table(tokens.long()))
        lengths = (tokens > 0).sum(dim=1)
        last = states[torch.arange(len(tokens)), (lengths - 1).clamp(min=0)]
        return self.head(last * (lengths > 0)[:, None])


Network = MLP | Callable[[int], nn.Module]
"""What a `Recipe` trains: an MLP, or a function from the number of features to a module with one output per row."""


def dropout_generator(seed: int, layer: int) -> np.random.Generator:
    """Return the generator of the dropout masks after hidden layer number `layer`, counted from 0."""
    return generator(f"dropout {layer}", seed)


def dropout_mask(rng: np.random.Generator, shape: tuple[int, ...], dropout: float) -> Tensor:
    """Return a boolean mask, True where a unit stays. Rows drawn in one call or in several are the same rows."""
    return torch.from_numpy(rng.random(shape, dtype=np.float32) >= np.float32(dropout))


class SeededDropout(nn.Module):
    """Dropout whose masks come from a generator of its own; `nn.Dropout` draws others on other machines."""

    def __init__(self, dropout: float, rng: np.random.Generator) -> None:
        super().__init__()
        self.dropout, self.rng = dropout, rng

    def forward(self, activations: Tensor) -> Tensor:
        """Return activations as they are in eval mode, else silenced at random and scaled by 1 / (1 − dropout)."""
        if not self.training:
            return activations
        mask = dropout_mask(self.rng, tuple(activations.shape), self.dropout)
        return activations * mask / (1 - self.dropout)
