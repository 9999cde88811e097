"""The doctor reads what becomes of an output in numpy: the same mistakes, and none in code that is right."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from helpers.doctor import watch

ROWS = torch.randn(160, 4, generator=torch.Generator().manual_seed(0))
LABELS = (ROWS[:, 0] + ROWS[:, 1] > 0.3).float()
CUT = 0.5


@dataclass
class Settings:
    cut: float = 0.5


def predict(model, rows):
    return model(rows).detach().numpy()


def accuracy(outputs, labels, cut=0.5):
    return float(np.mean((outputs > cut) == labels))


class Trainer:
    def __init__(self, model):
        self.model, self.settings = model, Settings()
        self.outputs = []

    def collect(self):
        for rows in ROWS.split(40):
            self.outputs.append(predict(self.model, rows).ravel())

    def evaluate(self):
        self.collect()
        return np.mean((np.concatenate(self.outputs) > self.settings.cut) == LABELS.numpy())


def named_cut(model):
    return ((predict(model, ROWS)[:, 0] > CUT) == LABELS.numpy()).mean()


def in_a_helper(model):
    return accuracy(predict(model, ROWS).squeeze(), LABELS.numpy())


def collected_in_a_list(model):
    outputs = []
    for rows in ROWS.split(40):
        outputs.extend(model(rows).squeeze(1).tolist())
    called = [1 if output > 0.5 else 0 for output in outputs]
    return np.mean(np.array(called) == LABELS.numpy())


def one_by_one(model):
    right = 0
    for row, label in zip(ROWS, LABELS, strict=True):
        output = model(row[None]).item()
        right += int((output >= 0.5) == bool(label))
    return right


def with_settings(model):
    return Trainer(model).evaluate()


def rounded(model):
    outputs = np.asarray(model(ROWS).detach()).ravel()
    return np.mean(np.round(outputs) == LABELS.numpy())


def sigmoid_by_hand(model):
    outputs = predict(model, ROWS).ravel()
    chances = 1 / (1 + np.exp(-outputs))
    return accuracy(chances, LABELS.numpy())


def sigmoid_in_torch(model):
    outputs = []
    for rows in ROWS.split(40):
        outputs += torch.sigmoid(model(rows)).squeeze(1).tolist()
    return np.mean([(output > 0.5) == bool(label) for output, label in zip(outputs, LABELS, strict=True)])


def cut_of_logits(model):
    return accuracy(predict(model, ROWS).ravel(), LABELS.numpy(), cut=0)


def decisions_cut_again(model):
    called = (model(ROWS).squeeze(1) > 0).float().numpy()
    return np.mean((called > 0.5) == LABELS.numpy())


def shown_with_two_digits(model):
    outputs = predict(model, ROWS).ravel()
    return np.round(outputs, 2)[:3], np.mean((outputs > 0) == LABELS.numpy())


def column_against_labels(model):
    called = predict(model, ROWS) > 0
    return (called == LABELS.numpy()).mean()


def columns_put_together(model):
    outputs = [predict(model, rows) for rows in ROWS.split(40)]
    called = np.concatenate(outputs) > 0
    return (called == LABELS.numpy()).mean()


def labels_as_a_column(model):
    called = predict(model, ROWS) > 0
    return (called == LABELS.numpy()[:, None]).mean() + (called == LABELS.numpy().reshape(-1, 1)).mean()


def argmax_of_a_column(model):
    return (np.argmax(predict(model, ROWS), axis=1) == LABELS.numpy()).mean()


def all_pairs(model):
    outputs, labels = predict(model, ROWS).ravel(), LABELS.numpy()
    above, below = outputs[labels == 1], outputs[labels == 0]
    return (above[:, None] > below).mean() + (above[:, None] == below).mean() / 2


def one_logit_in_numpy(model):
    return np.mean((predict(model, ROWS)[:, 1] > 0.5) == LABELS.numpy())


def one_logit(model):
    return ((model(ROWS)[:, 1] > 0.5) == LABELS).float().mean().item()


def one_probability(model):
    in_torch = model(ROWS).softmax(dim=1)[:, 1] > 0.5
    powers = np.exp(predict(model, ROWS))
    return (in_torch == LABELS).float().mean().item(), ((powers / powers.sum(axis=1, keepdims=True))[:, 1] > 0.5).sum()


def seen_causes(evaluate, outputs=1):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, outputs))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    with watch() as seen:
        for _ in range(20):
            for rows in torch.randperm(160).split(20):
                optimizer.zero_grad()
                if outputs == 1:
                    loss = nn.functional.binary_cross_entropy_with_logits(model(ROWS[rows]).squeeze(1), LABELS[rows])
                else:
                    loss = nn.functional.cross_entropy(model(ROWS[rows]), LABELS[rows].long())
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            evaluate(model)
    return {finding.cause for finding in seen.diagnose().findings if finding.severity == "root"}


@pytest.mark.parametrize(
    "evaluate", [named_cut, in_a_helper, collected_in_a_list, one_by_one, with_settings, rounded],
)  # fmt: skip
def test_half_taken_for_the_cut_of_logits(evaluate):
    assert seen_causes(evaluate) == {"threshold_on_logits"}


@pytest.mark.parametrize("evaluate", [column_against_labels, columns_put_together])
def test_a_column_compared_with_a_row(evaluate):
    assert seen_causes(evaluate) == {"accuracy_broadcast"}


def test_argmax_of_a_column():
    assert seen_causes(argmax_of_a_column) == {"argmax_single_output"}


@pytest.mark.parametrize(
    "evaluate", [sigmoid_by_hand, sigmoid_in_torch, cut_of_logits, decisions_cut_again, shown_with_two_digits,
                 labels_as_a_column, all_pairs],
)  # fmt: skip
def test_right_predictions_are_left_alone(evaluate):
    assert seen_causes(evaluate) == set()


@pytest.mark.parametrize("evaluate", [one_logit, one_logit_in_numpy])
def test_one_of_two_logits_is_no_probability(evaluate):
    assert seen_causes(evaluate, outputs=2) == {"threshold_on_logits"}


def test_one_of_two_probabilities_is_compared_with_half():
    assert seen_causes(one_probability, outputs=2) == set()
