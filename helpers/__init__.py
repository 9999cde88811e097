"""What the notebooks of "Why isn't my classifier learning?" import."""

from helpers import plots
from helpers.claims import claim
from helpers.data import (
    Dataset,
    FreshDraws,
    Gaussians,
    NoisyXor,
    Part,
    Resplits,
    Split,
    TextResplits,
    load,
    permuted_labels,
)
from helpers.losses import BCE, BCEWithLogits, Focal, SquaredError
from helpers.networks import MLP, TokenGRU
from helpers.replicate import Runs, replicate, sweep
from helpers.scores import difference, interval, score, table
from helpers.training import Recipe, Run, cosine, fit

__all__ = [
    "BCE",
    "MLP",
    "BCEWithLogits",
    "Dataset",
    "Focal",
    "FreshDraws",
    "Gaussians",
    "NoisyXor",
    "Part",
    "Recipe",
    "Resplits",
    "Run",
    "Runs",
    "Split",
    "SquaredError",
    "TextResplits",
    "TokenGRU",
    "claim",
    "cosine",
    "difference",
    "fit",
    "interval",
    "load",
    "permuted_labels",
    "plots",
    "replicate",
    "score",
    "sweep",
    "table",
]
