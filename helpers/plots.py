"""The course's pictures: one size, colours that colour-blind readers tell apart, axes that say what they show."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve
from torch import nn

from helpers.data import Part
from helpers.replicate import Runs
from helpers.scores import Difference

SIZE = (7.0, 4.0)  # inches
# Okabe & Ito, "Color Universal Design", 2008, without yellow, which is faint on white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def axes(xlabel: str, ylabel: str, title: str = "") -> Axes:
    """Return an empty plot of the course's size with these labels."""
    _, ax = plt.subplots(figsize=SIZE, layout="constrained")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.set_prop_cycle(color=COLOURS)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25)
    return ax


def learning_curves(runs: Runs, names: Sequence[str] = ("train_loss", "validation_loss"), title: str = "") -> Axes:
    """Plot quantities of the runs' history against the epoch: the mean over seeds and the band of the middle 90 %."""
    ax = axes("epoch", "loss, nats" if all("loss" in name for name in names) else "share of rows", title)
    for name in names:
        values = runs.history(name)
        epochs = np.arange(1, values.shape[1] + 1)
        (line,) = ax.plot(epochs, np.nanmean(values, axis=0), label=name.replace("_", " "))
        low, high = np.nanquantile(values, [0.05, 0.95], axis=0)
        ax.fill_between(epochs, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.legend(title=f"mean and middle 90 % of {len(runs)} seeds")
    return ax


def precision_recall(arms: Mapping[str, Runs], title: str = "") -> Axes:
    """Plot each arm's precision against its recall on the test rows of all its seeds together."""
    ax = axes("recall: share of positives found", "precision: share of alarms that are right", title)
    prevalence = 0.0
    for arm, runs in arms.items():
        labels, chance = pooled(runs)
        precision, recall, _ = precision_recall_curve(labels, chance)
        ax.plot(recall, precision, label=arm)
        prevalence = labels.mean()
    ax.axhline(prevalence, color="black", linestyle=":", linewidth=1, label="no skill: the prevalence")
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.legend()
    return ax


def reliability(arms: Mapping[str, Runs], bins: int = 10, title: str = "") -> Axes:
    """Plot the share of positives against the predicted probability on the test rows of all seeds together.

    The rows are grouped into `bins` of equal width; a bin of fewer than 20 rows is left out.
    """
    ax = axes("predicted probability of the positive class", "share that is positive", title)
    ax.plot([0, 1], [0, 1], color="black", linestyle=":", linewidth=1, label="means what it says")
    for arm, runs in arms.items():
        labels, chance = pooled(runs)
        enough = np.histogram(chance, bins, (0, 1))[0]
        shown = enough[enough > 0] >= 20
        observed, predicted = calibration_curve(labels, chance, n_bins=bins)
        ax.plot(predicted[shown], observed[shown], marker="o", label=arm)
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.legend()
    return ax


def pooled(runs: Runs, part: str = "test") -> tuple[np.ndarray, np.ndarray]:
    """Return labels and probabilities of one part's rows, those of all seeds one after the other."""
    labels = [getattr(runs.task.split(run.seed), part).labels.numpy() for run in runs]
    return np.concatenate(labels), np.concatenate([run.probabilities[part] for run in runs])


def decision_boundary(model: nn.Module, part: Part, title: str = "") -> Axes:
    """Plot rows of two features over the model's probability of label 1, taking its outputs as logits.

    Raises ValueError if the rows have other than two features.
    """
    if part.features.shape[1] != 2:
        raise ValueError(f"part has rows of {part.features.shape[1]} features; expected 2 to draw them in a plane")
    ax = axes("feature 1", "feature 2", title)
    low, high = part.features.min(dim=0).values - 0.2, part.features.max(dim=0).values + 0.2
    across, up = (torch.linspace(float(low[i]), float(high[i]), 200, dtype=torch.float64) for i in (0, 1))
    grid = torch.cartesian_prod(across, up)
    with torch.no_grad():
        chance = torch.sigmoid(model(grid.to(next(model.parameters()).dtype))).reshape(200, 200).T
    picture = ax.pcolormesh(
        across.numpy(), up.numpy(), chance.numpy(), cmap="cividis", vmin=0, vmax=1, shading="auto", rasterized=True
    )
    ax.figure.colorbar(picture, label="predicted probability of label 1")
    for label, marker, colour in ((0, "o", "#56B4E9"), (1, "^", "#D55E00")):
        rows = part.features[part.labels == label].numpy()
        ax.scatter(
            rows[:, 0],
            rows[:, 1],
            s=14,
            marker=marker,
            color=colour,
            edgecolor="black",
            linewidth=0.4,
            label=f"label {label}",
        )
    ax.legend(loc="upper right")
    return ax


def gradient_flow(model: nn.Module, title: str = "") -> Axes:
    """Plot the mean absolute gradient of each weight matrix, from the first layer to the last.

    Call it after `backward()`. A gradient of exactly 0, which has no place on the logarithmic axis, is named as such.

    Raises ValueError if no weight matrix has a gradient.
    """
    flow = {name: values.grad.abs().mean().item() for name, values in model.named_parameters()
            if values.ndim > 1 and values.grad is not None}  # fmt: skip
    if not flow:
        raise ValueError("model has no weight matrix with a gradient; expected a call of backward() before")
    ax = axes("weights, from input to output", "mean |gradient|", title)
    names = [name if mean else f"{name}\nexactly 0" for name, mean in flow.items()]
    ax.bar(names, list(flow.values()), color=COLOURS[0])
    if any(flow.values()):
        ax.set_yscale("log")
    return ax


def intervals(differences: Sequence[Difference], title: str = "") -> Axes:
    """Plot each difference with its 95 % interval, and the margin that matters as a grey band around 0."""
    ax = axes("difference (mean and 95 % interval)", "", title)
    for row, difference in enumerate(differences):
        spread = [[difference.effect - difference.low], [difference.high - difference.effect]]
        ax.fill_betweenx(
            [row - 0.4, row + 0.4], -difference.margin, difference.margin, color="grey", alpha=0.25, linewidth=0
        )
        ax.errorbar(difference.effect, row, xerr=spread, fmt="o", color=COLOURS[0], capsize=4)
    ax.axvline(0, color="black", linewidth=1)
    ax.set_yticks(
        range(len(differences)), [f"{d.what}\n{', '.join(filter(None, (d.task, d.when)))}" for d in differences]
    )
    ax.invert_yaxis()
    return ax
