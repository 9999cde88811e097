"""Every picture is drawn, labelled, of one size, and shows the numbers it was given."""

import matplotlib as mpl
import numpy as np
import pytest
import torch
from sklearn.metrics import precision_recall_curve
from torch import nn

from helpers import MLP, FreshDraws, Gaussians, Recipe, fit, plots, replicate
from helpers.scores import Difference

mpl.use("Agg")
TASK = FreshDraws(Gaussians(2.0, 2, prevalence=0.3), train=200, validation=100, test=200)
RUNS = replicate(Recipe(network=MLP((8,)), epochs=4, learning_rate=0.02), TASK, range(3))
DIFFERENCES = [
    Difference("a − b", "churn", 0.2, 0.1, 0.3, 20, 0.9, 0.05, "higher"),
    Difference("c − b", "churn", -0.1, -0.3, 0.1, 20, 0.4, 0.05, "lower", "rare"),
]


@pytest.fixture(autouse=True)
def close():
    yield
    plots.plt.close("all")


def gradients():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    model(torch.ones(4, 2)).sum().backward()
    return model


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.learning_curves(RUNS),
        lambda: plots.learning_curves(RUNS, ("train_accuracy", "validation_accuracy")),
        lambda: plots.precision_recall({"net": RUNS}),
        lambda: plots.reliability({"net": RUNS}),
        lambda: plots.decision_boundary(RUNS[0].model, TASK.split(0).train),
        lambda: plots.gradient_flow(gradients()),
        lambda: plots.intervals(DIFFERENCES),
    ],
)
@pytest.mark.filterwarnings("error")
def test_each_plot_has_labels_and_the_one_size(draw):
    ax = draw()
    assert ax.get_xlabel()
    assert ax.get_ylabel() or ax.get_yticklabels()
    assert tuple(ax.figure.get_size_inches()) == plots.SIZE
    ax.figure.canvas.draw()


def test_learning_curves_show_the_mean_over_seeds():
    lines = plots.learning_curves(RUNS).get_lines()
    for line, name in zip(lines, ("train_loss", "validation_loss"), strict=True):
        assert np.allclose(line.get_ydata(), RUNS.history(name).mean(axis=0))
        assert line.get_label() == name.replace("_", " ")


def test_precision_recall_shows_scikit_learns_curve_over_all_seeds():
    labels = np.concatenate([TASK.split(seed).test.labels for seed in range(3)])
    chance = np.concatenate([run.probabilities["test"] for run in RUNS])
    precision, recall, _ = precision_recall_curve(labels, chance)
    line, no_skill = plots.precision_recall({"net": RUNS}).get_lines()
    assert np.array_equal(line.get_xdata(), recall) and np.array_equal(line.get_ydata(), precision)
    assert no_skill.get_ydata()[0] == labels.mean()


def test_reliability_shows_the_share_of_positives_in_each_bin():
    labels, chance = plots.pooled(RUNS)
    line = plots.reliability({"net": RUNS}, bins=5).get_lines()[1]
    for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
        inside = (chance >= np.floor(x * 5) / 5) & (chance < np.floor(x * 5) / 5 + 0.2)
        assert inside.sum() >= 20
        assert (x, y) == pytest.approx((chance[inside].mean(), labels[inside].mean()))


def test_intervals_show_effect_span_and_margin():
    ax = plots.intervals(DIFFERENCES)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a − b\nchurn", "c − b\nchurn, rare"]
    spans = [container.get_children()[-1].get_segments()[0][:, 0].tolist() for container in ax.containers]
    assert spans == [pytest.approx([0.1, 0.3]), pytest.approx([-0.3, 0.1])]


def test_gradient_flow_shows_the_mean_of_each_weight_matrix():
    model = gradients()
    heights = [bar.get_height() for bar in plots.gradient_flow(model).patches]
    assert heights == pytest.approx(
        [model[0].weight.grad.abs().mean().item(), model[2].weight.grad.abs().mean().item()]
    )


@pytest.mark.filterwarnings("error")
def test_gradient_flow_names_the_weights_that_get_no_gradient():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    with torch.no_grad():
        model[0].bias.fill_(-9)  # every unit is dead
    model(torch.ones(4, 2)).sum().backward()
    ax = plots.gradient_flow(model)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.weight\nexactly 0", "2.weight\nexactly 0"]
    ax.figure.canvas.draw()


def test_plots_refuse_what_they_cannot_draw():
    wide = FreshDraws(Gaussians(2.0, 3), train=50, validation=50, test=50)
    with pytest.raises(ValueError, match="rows of 3 features; expected 2"):
        plots.decision_boundary(fit(RUNS.recipe, wide, 0).model, wide.split(0).train)
    with pytest.raises(ValueError, match="no weight matrix with a gradient"):
        plots.gradient_flow(nn.Linear(2, 1))
