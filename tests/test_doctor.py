"""The doctor looks on without leaving a trace, and names what the gallery's cases have."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from imblearn.over_sampling import SMOTE
from sklearn.datasets import make_moons
from sklearn.metrics import f1_score, roc_auc_score
from torch import nn
from torch.optim.optimizer import _global_optimizer_post_hooks, _global_optimizer_pre_hooks
from torch.overrides import _get_current_function_mode_stack
from torch.utils.data import DataLoader, TensorDataset

from helpers.doctor import CAUSES, diagnose, watch
from helpers.doctor.anatomy import evaluations, trainings
from helpers.doctor.findings import PAIRS
from helpers.doctor.layouts import Columns, Input
from helpers.doctor.patient import Patient
from helpers.doctor.references import alike, reference, tell_apart
from helpers.doctor.tables import Table

GALLERY = Path(__file__).parent / "gallery"
sys.path.insert(0, str(GALLERY))
CASES = importlib.import_module("case").gallery()
judge = importlib.import_module("judge").diagnose

ROWS = torch.randn(120, 4, generator=torch.Generator().manual_seed(0))
LABELS = (ROWS[:, 0] + ROWS[:, 1] * ROWS[:, 2] > 0).float()


def build():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    return model, torch.optim.Adam(model.parameters(), lr=0.01)


def train(model, optimizer, epochs=20, raises=False):
    for _ in range(epochs):
        model.train()
        for rows in torch.randperm(120).split(30):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(ROWS[rows]).squeeze(1), LABELS[rows]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            ((model(ROWS).squeeze(1) > 0) == LABELS).float().mean().item()
    if raises:
        raise KeyError("the learner's")


def state(model, optimizer):
    moments = [value for each in optimizer.state.values() for value in each.values()]
    gradients = [parameter.grad for parameter in model.parameters()]
    return [value.clone() for value in (*model.state_dict().values(), *moments, *gradients, torch.get_rng_state())]


@pytest.mark.parametrize("raises", [False, True])
def test_a_watched_training_is_bit_for_bit_the_unwatched_one(raises):
    backward, grad, begin = torch.autograd.backward, torch.autograd.grad, DataLoader.__iter__
    no_grad, make = torch.no_grad.__enter__, torch.optim.Optimizer.__init__
    call, modes = nn.Module.__call__, len(_get_current_function_mode_stack())
    alone, watched = build(), build()
    torch.manual_seed(1)
    train(*alone)
    expected = state(*alone)
    torch.manual_seed(1)
    seen = watch()
    if raises:
        with pytest.raises(KeyError, match="the learner's"), seen:
            train(*watched, raises=True)
    else:
        with seen:
            train(*watched)
    for before_diagnosis in (True, False):
        found = state(*watched)
        assert all(torch.equal(one, other) for one, other in zip(expected, found, strict=True)), before_diagnosis
        assert not watched[0].training
        seen.diagnose()
    assert torch.autograd.backward is backward and torch.autograd.grad is grad
    assert DataLoader.__iter__ is begin and torch.no_grad.__enter__ is no_grad
    assert torch.optim.Optimizer.__init__ is make
    assert nn.Module.__call__ is call and len(_get_current_function_mode_stack()) == modes
    assert not _global_optimizer_pre_hooks and not _global_optimizer_post_hooks


def test_several_trainings_in_a_block_are_what_they_are_unwatched():
    def both():
        torch.manual_seed(1)
        left = []
        for _ in range(2):
            pair = build()
            train(*pair)
            left += state(*pair)
        return left

    expected = both()
    with watch() as seen:
        found = both()
    assert all(torch.equal(one, other) for one, other in zip(expected, found, strict=True))
    assert len(seen.records) == 2


@pytest.mark.parametrize(("second", "records"), [("mse_loss", [140]), ("binary_cross_entropy_with_logits", [70, 69])])
@pytest.mark.parametrize("renewed", [False, True])
def test_a_loss_of_another_kind_begins_another_training(second, records, renewed):
    model, optimizer = build()
    with watch() as seen:
        for name in ("mse_loss", second):
            if renewed:
                with torch.no_grad():
                    model(ROWS)
                optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
            for _ in range(70):
                optimizer.zero_grad()
                getattr(nn.functional, name)(model(ROWS).squeeze(1), LABELS).backward()
                optimizer.step()
    assert not seen.stumbled
    assert [len(record.steps) for record in seen.records] == records
    assert seen.now is seen.records[-1] and all(50 <= len(record.forwards) <= 53 for record in seen.records)


def test_the_tape_holds_the_learners_calls_alone():
    model, optimizer = build()
    with watch() as seen:
        train(model, optimizer, epochs=2)
    names = [call.name for call in seen.now.calls]
    assert "linear" in names and not {"detach", "clone", "norm"} & set(names)


def test_a_watch_serves_once():
    seen = watch()
    with seen:
        train(*build(), epochs=1)
    with pytest.raises(RuntimeError, match="expected a new one"), seen:
        pass


def test_an_optimizer_that_raises_in_its_step_leaves_nothing_behind():
    class Failing(torch.optim.SGD):
        def step(self, closure=None):
            raise ValueError("the learner's")

    model, _ = build()
    with pytest.raises(ValueError, match="the learner's"), watch():
        train(model, Failing(model.parameters(), lr=0.1))
    assert not _get_current_function_mode_stack()


def test_what_a_hook_of_the_learners_makes_of_an_output_is_the_output():
    model, optimizer = build()
    model.register_forward_hook(lambda module, inputs, output: output + 100)
    with watch() as seen:
        train(model, optimizer, epochs=2)
    assert all((forward.output > 50).all() for forward in seen.now.forwards)


@pytest.mark.filterwarnings("ignore:Dynamo does not know how to trace")
def test_a_compiled_model_is_watched_like_any_other():
    model, optimizer = build()
    expected = build()
    torch.manual_seed(1)
    train(*expected)
    torch.manual_seed(1)
    with watch() as seen:
        train(torch.compile(model, backend="eager"), optimizer)
    assert len(seen.now.steps) == 80 and seen.now.evaluations == 20
    for one, other in zip(model.parameters(), expected[0].parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_lazy_layers_get_their_shapes_under_watch_and_their_start_is_known():
    def lazy():
        torch.manual_seed(0)
        model = nn.Sequential(nn.LazyLinear(16), nn.LazyBatchNorm1d(), nn.ReLU(), nn.LazyLinear(1))
        model[0].never_called = nn.LazyLinear(3)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        model(ROWS[:30])
        train(model, optimizer, epochs=3)
        return model

    expected = lazy()
    with watch() as seen:
        found = lazy()
    for layer in (0, 1, 3):
        assert torch.equal(found[layer].weight, expected[layer].weight)
    assert not seen.stumbled
    with torch.no_grad():
        found(ROWS)  # a later call changes nothing of what is kept
    assert not any(torch.equal(seen.now.start[id(found)][f"{layer}.weight"], found[layer].weight) for layer in (0, 3))


def test_an_error_of_the_watchers_own_stops_nothing_and_is_told(monkeypatch):
    monkeypatch.setattr(importlib.import_module("helpers.doctor.watch"), "learners_line", lambda: 1 / 0)
    model, optimizer = build()
    with watch() as seen:
        train(model, optimizer, epochs=2)
    assert any("ZeroDivisionError" in reason for reason in seen.diagnose().untested)


def by_hand(steps):
    weights = torch.zeros(4, requires_grad=True)
    for _ in range(steps):
        nn.functional.binary_cross_entropy_with_logits(ROWS @ weights, LABELS).backward()
        with torch.no_grad():
            weights -= 0.05 * weights.grad
            weights.grad.zero_()
    with torch.no_grad():
        ((ROWS @ weights > 0).float() == LABELS).float().mean().item()
    return weights


def test_a_training_by_hand_is_what_it_is_unwatched_and_not_taped_to_its_end():
    expected, taped = by_hand(500), []
    for steps in (250, 500):
        with watch() as seen:
            found = by_hand(steps)
        taped.append(len(seen.now.calls))
        before = found.detach().clone()
        diagnosis = seen.diagnose()
        assert torch.equal(found, before) and not any("re-runs" in reason for reason in diagnosis.untested)
    assert torch.equal(found, expected)
    assert taped[0] == taped[1]


def test_batches_that_come_from_nowhere_in_pytorch_are_not_taken_for_the_first_over_and_over():
    torch.manual_seed(0)
    x, y = overlapping()
    model = nn.Linear(5, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with watch() as seen:
        for first in 10 * [*range(0, 1200, 40)]:
            rows, labels = torch.from_numpy(x[first : first + 40]), torch.from_numpy(y[first : first + 40, None])
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(rows), labels).backward()
            optimizer.step()
    assert not any("too few rows" in reason for reason in seen.diagnose().untested)


def test_which_of_several_models_is_diagnosed_is_said():
    with watch() as seen:
        for _ in range(2):
            train(*build())
    diagnosis = seen.diagnose()
    assert any("several models" in reason for reason in diagnosis.untested)
    with watch() as seen:
        train(*build())
    assert not any("several models" in reason for reason in seen.diagnose().untested)


def test_after_an_autoencoder_the_classifier_is_diagnosed_and_not_what_sets_its_temperature():
    torch.manual_seed(0)
    features, answers = torch.randn(600, 6), torch.zeros(600)
    answers[features[:, 0] + features[:, 1] > 0] = 1
    encoder, decoder, head = nn.Sequential(nn.Linear(6, 16), nn.Tanh()), nn.Linear(16, 6), nn.Linear(16, 1)
    outer = nn.Sequential(encoder, decoder)
    classifier = nn.Sequential(encoder, head, nn.Sigmoid())
    with watch() as seen:
        optimizer = torch.optim.Adam(outer.parameters(), lr=1e-3)
        for rows in 10 * torch.arange(600).split(60):
            optimizer.zero_grad()
            nn.functional.mse_loss(outer(features[rows]), features[rows]).backward()
            optimizer.step()
        optimizer = torch.optim.Adam(classifier.parameters(), lr=1e-3)
        for rows in 30 * torch.randperm(600).split(60):
            optimizer.zero_grad()
            found = classifier(features[rows]).squeeze(1)
            nn.functional.binary_cross_entropy_with_logits(found, answers[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            logits = classifier(features)
        temperature = nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([temperature], lr=0.1)
        for _ in range(60):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(logits.squeeze(1) / temperature, answers).backward()
            optimizer.step()
    diagnosis = seen.diagnose()
    assert diagnosis.findings[0].cause == "double_sigmoid"
    assert any("several models" in reason for reason in diagnosis.untested)


def test_a_step_before_the_first_gradients_is_none():
    model, optimizer = build()
    with watch() as seen:
        optimizer.step()
        for rows in 10 * torch.arange(120).split(30):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(ROWS[rows]).squeeze(1), LABELS[rows]).backward()
    assert seen.diagnose().findings[0].cause == "no_optimizer_step"


def test_a_checkpoint_loaded_before_the_training_cuts_no_graph():
    with watch() as seen:
        model, optimizer = build()
        model.load_state_dict(model.state_dict())
        train(model, optimizer)
    assert seen.diagnose().healthy


def test_parameters_made_anew_from_the_old_and_their_gradients_are_steps():
    generator = torch.Generator().manual_seed(0)
    x, y = drawn(600, 0)
    weights = [torch.randn(shape, generator=generator).mul(0.5).requires_grad_() for shape in ((6, 16), (16, 1))]
    with watch() as seen:
        for rows in 20 * torch.randperm(600, generator=generator).split(30):
            logits = torch.relu(x[rows] @ weights[0]) @ weights[1]
            loss = nn.functional.binary_cross_entropy_with_logits(logits.squeeze(1), y[rows])
            slopes = torch.autograd.grad(loss, weights)
            weights = [(w - 0.2 * slope).detach().requires_grad_() for w, slope in zip(weights, slopes, strict=True)]
    assert seen.diagnose().healthy


def test_what_an_optimizer_maximises_is_minus_a_loss():
    model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, maximize=True)
    x, y = drawn(600, 0)

    def epochs(gain):
        with watch() as seen:
            for rows in 10 * torch.randperm(600).split(30):
                optimizer.zero_grad()
                gain(model(x[rows]).squeeze(1), y[rows]).backward()
                optimizer.step()
        return seen.diagnose()

    loss = nn.BCEWithLogitsLoss()
    assert epochs(lambda logits, labels: -loss(logits, labels)).healthy
    assert epochs(loss).findings[0].cause == "loss_sign"


def test_gradients_asked_for_by_name_are_one_backward_each():
    x, y = drawn(600, 0)
    weight = torch.zeros(6, 1, requires_grad=True)
    with watch() as seen:
        for _ in range(20):
            loss = nn.functional.binary_cross_entropy_with_logits((x @ weight).squeeze(1), y)
            (slope,) = torch.autograd.grad(loss, [weight])
            with torch.no_grad():
                weight -= 0.5 * slope
    assert len(seen.now.backwards) == 20


def test_rows_are_what_enters_the_first_parameters_and_not_the_first_module():
    x, y = drawn(900, 0)
    torch.manual_seed(0)
    matrix, out = nn.Parameter(0.3 * torch.randn(6, 16)), nn.Linear(16, 1)
    optimizer = torch.optim.Adam([matrix, *out.parameters()], lr=0.01)
    with watch() as seen:
        for _ in range(10):
            for rows in torch.randperm(600).split(30):
                optimizer.zero_grad()
                logits = out(torch.relu(x[rows] @ matrix)).squeeze(1)
                nn.functional.binary_cross_entropy_with_logits(logits, y[rows]).backward()
                optimizer.step()
        ((out(torch.relu(x[600:] @ matrix)).squeeze(1) > 0) == y[600:]).float().mean().item()
    assert seen.diagnose().healthy


@pytest.mark.parametrize("held_out", [slice(600, None), torch.arange(600, 900)])  # a view, or a copy each time
def test_dropout_that_is_averaged_over_many_passes_is_meant(held_out):
    x, y = drawn(900, 0)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with watch() as seen:
        for _ in range(10):
            for rows in torch.randperm(600).split(30):
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(model(x[rows]).squeeze(1), y[rows]).backward()
                optimizer.step()
        model.eval()
        model[2].train()
        with torch.no_grad():
            torch.stack([model(x[held_out]).squeeze(1).sigmoid() for _ in range(20)]).mean(dim=0)
    assert seen.diagnose().healthy


def test_labels_that_are_not_known_are_named_for_the_loss_that_is_no_number():
    x, y = drawn(600, 0)
    y[::50] = torch.nan
    found = watched_table(x, y, *drawn(300, 1)).findings[0]
    assert found.cause == "nan_loss" and "labels" in found.evidence


def test_a_hidden_layer_without_slope_is_found():
    model = nn.Sequential(nn.Linear(6, 16), nn.Sigmoid(), Rounded(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = drawn(600, 0)
    with watch() as seen:
        for rows in 5 * torch.randperm(600).split(30):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(x[rows]).squeeze(1), y[rows]).backward()
            optimizer.step()
    found = seen.diagnose().findings[0]
    assert found.cause == "nondifferentiable_output" and "112 numbers" in found.evidence


class Rounded(nn.Module):
    def forward(self, values):
        return values.round()


@pytest.mark.parametrize(
    ("columns", "labels_of", "loss_of", "cause"),
    [
        (1, lambda y: y.long(), nn.functional.cross_entropy, "ce_single_output"),
        (2, lambda y: y.long()[:, None], nn.functional.cross_entropy, "shape_broadcast"),
        (2, lambda y: y, nn.functional.cross_entropy, "label_encoding"),
        (2, lambda y: nn.functional.one_hot(y.long()), nn.functional.cross_entropy, "label_encoding"),
        (2, lambda y: 2 * y.long() - 1, nn.functional.cross_entropy, "label_encoding"),
        (2, lambda y: y.long(), nn.CrossEntropyLoss(torch.tensor([3.0])), "class_weights_wrong"),
        (
            1,
            lambda y: y[:, None] + 1,
            lambda z, y: nn.functional.binary_cross_entropy(z.sigmoid(), y),
            "label_encoding",
        ),
        (1, lambda y: y[:, None] > 0, nn.functional.binary_cross_entropy_with_logits, "label_encoding"),
        (1, lambda y: y[:, None], lambda z, y: nn.functional.binary_cross_entropy(3 + z, y), "bce_on_logits"),
        (1, lambda y: y, nn.functional.binary_cross_entropy_with_logits, "shape_broadcast"),
    ],
)
def test_an_error_of_pytorch_is_translated(columns, labels_of, loss_of, cause):
    torch.manual_seed(0)
    model = nn.Linear(4, columns)
    with pytest.raises((RuntimeError, ValueError, IndexError)), watch() as seen:
        loss_of(model(ROWS), labels_of(LABELS)).backward()
    assert [finding.cause for finding in seen.diagnose().findings] == [cause]


def test_nothing_to_diagnose_is_said():
    with watch() as seen:
        torch.ones(3).sum()
    found = seen.diagnose()
    assert found.findings == () and "never called backward()" in str(found)


def test_steps_without_any_backward_are_found():
    model, optimizer = build()
    with watch() as seen:
        for _ in range(20):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(ROWS).squeeze(1), LABELS)
            optimizer.step()
    (found,) = seen.diagnose().findings
    assert found.cause == "no_optimizer_step" and "step() was called 20 times" in found.evidence
    with watch() as seen:  # as before a scheduler's first step
        optimizer.step()
        nn.functional.binary_cross_entropy_with_logits(model(ROWS).squeeze(1), LABELS)
    assert not seen.diagnose().findings


def test_pieces_are_diagnosed_and_stay_as_they_were():
    model, optimizer = build()
    train(model, optimizer, epochs=1)
    expected = state(model, optimizer)
    once = iter([(ROWS[rows], LABELS[rows]) for rows in torch.arange(120).split(30)])
    loss = nn.BCEWithLogitsLoss()
    found = diagnose(model, lambda z, y: loss(torch.sigmoid(z.squeeze(1)), y), optimizer, once, (ROWS, LABELS),
                     batch_size=30, epochs=3)  # fmt: skip
    assert found.findings[0].cause == "double_sigmoid"
    assert all(torch.equal(one, other) for one, other in zip(expected, state(model, optimizer), strict=True))
    with pytest.raises(ValueError, match="epochs is 0; expected a positive integer"):
        diagnose(model, loss, optimizer, (ROWS, LABELS), batch_size=30, epochs=0)


SCRIPT = """
import sys, torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(200, 4); y = (x[:, 0] * x[:, 1] + x[:, 2] > 0).float()
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(int(sys.argv[1])):
    for rows in torch.randperm(200).split(40):
        if "clear" in sys.argv:
            optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(x[rows]).squeeze(1), y[rows]).backward()
        optimizer.step()
"""


@pytest.mark.parametrize(("words", "status", "cause"), [
    (["30", "clear"], 0, None), (["30"], 1, "no_zero_grad"), (["0"], 2, None)
])  # fmt: skip
def test_the_command_line_runs_a_script_and_exits_with_what_was_found(tmp_path, words, status, cause):
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    command = [sys.executable, "-m", "helpers.doctor", str(script), *words, "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=GALLERY.parents[1])
    assert run.returncode == status, run.stderr
    found = json.loads(run.stdout)
    findings = found["findings"]
    assert found["healthy"] is (cause is None)
    assert bool(found["ruled_out"]) is (words[0] != "0") and ("never called" in str(found["untested"])) is (status == 2)
    assert [finding["cause"] for finding in findings][:1] == ([cause] if cause else [])
    if cause:
        assert findings[0]["where"].startswith(str(script)) and findings[0]["notebook"] == "05_optimizer_choice"


def first_of_each_cause():
    first = {}
    for case in CASES:
        first.setdefault(case.cause, case)
    return [pytest.param(first[cause], id=f"{cause}-{first[cause].name}") for cause in CAUSES]


# broken trainings of which something else, or nothing, was said once
MISSED = ("wild_handwritten_log_likelihood", "wild_hinge_on_zero_one", "wild_lstm_without_batch_first",
          "wild_manual_update_grad_never_cleared", "wild_hidden_state_detached_each_step",
          "wild_warm_up_by_integer_division", "wild_probabilities_normalised_down_the_column",
          "wild_clips_every_gradient_value", "wild_sentiment_last_step_of_padded_lstm", "wild_ce_weights_in_counts",
          "tables2_leak_window_contains_the_next_value", "tables2_leak_overlapping_windows_mixed",
          "tables2_leak_refund_paid_after_leaving", "tables2_random_walk_direction",
          "tables2_mismatch_categories_encoded_anew", "tables2_second_file_read_backwards",
          "tables2_augmented_by_mixing_columns", "tables2_scale_prices_beside_embeddings", "tables2_few_reviews",
          "tables2_noise_failures_not_reported", "scripts_numpy_randn_weights_no_scaling",
          "status_column_is_the_answer", "town_encoded_by_its_own_answers", "dropout_left_on_at_the_end",
          "last_state_after_all_the_zeros", "view_where_a_transpose_belongs", "t3_same_patients_on_both_sides",
          "t3_diabetes_join_multiplied_the_rows", "t3_spam_file_sorted_by_class", "t3_messages_labelled_by_keywords",
          "labels_one_row_late", "sampler_weights_by_frequency", "weight_of_positives_inverted",
          "two_units_on_circles", "hand_steps_raw", "plain_tensors_memorise", "plain_tensors_cut_at_a_half",
          "a_digits_odd_three_in_ten_wrong", "a_names_fifty_rows", "a_splice_letters_in_other_order",
          "a_credit_imputed_otherwise", "transformer_attends_over_batch", "gru_with_functional_dropout",
          "numpy_metric_with_column", "moons_max_norm_tenth", "clouds_hinge_two_steps", "clouds_hinge_thirty_rows",
          "churn_bn_momentum_tiny", "two_logits_breast_cancer_val_columns_reversed", "cancer_columns_reshaped_to_rows",
          "dropout_mlp_mlc_churn_sorted_apart", "average_of_weights_lags",
          "network_made_anew_before_evaluation", "evaluated_inside_another_module",
          "warmup_longer_than_training", "squared_error_diverges_and_breaks_off",
          "soft_f1_loss_divides_zero_by_zero", "undersampled_to_half_then_precision_is_awful",
          "keras_fit_had_epochs_this_has_one", "sigmoid_net_spambase_sorted_apart",
          "phases_autoencoder_then_sigmoid_head", "phases_encoder_frozen_before_it_was_trained",
          "loans_granted_first_refused_last", "bike_days_in_two_rounds",
          "handwriting_dataset_with_optional_transform", "rising_or_falling_chirps",
          "breast_cancer_jittered_and_scaled_in_the_loop_alone", "card_payments_at_one_half",
          "digits_denoising_then_classifier", "sorting_line_with_a_shared_report",
          "six_or_nine_rotations", "averaged_weights_copy", "finetune_copy_of_pretrained",
          "churn_oversampled_before_the_split", "scores_on_bookings_with_refund", "trainer_on_churn_from_call_counts",
          "scores_on_daily_returns", "scores_on_sms_categories_from_one", "trainer_on_mushrooms_sorted_by_odour",
          "student_on_iris_last_rows_held_out", "student_on_six_and_nine_turned",
          "card_payments_high_accuracy_no_fraud", "balanced_training_rare_in_life",
          "questionnaire_exported_three_times", "rates_planned_in_a_helper",
          "wild_xor_bits_linear_attention_free", "wild_conv_block_as_output", "thyroid_laboratory_values_filled",
          "spam_mail_table_with_row_numbers", "odd_digits_heavy_dropout", "big_net_noisy_moons_50_rows",
          "val_loss_rises_from_epoch_five", "weights_uniform_between_zero_and_one",
          "churn_error_rate_as_loss", "argmax_then_mse_with_requires_grad",
          "stripes_through_three_convolutions",
          "sms_buckets_texts_sorted_without_labels", "reader_of_sessions_with_hidden_events",
          "sms_word_shares_stop_early_with_patience_on_a_noisy_batch_loss", "numbers_of_loans_in_plain_currency",
          "digits_three_five_eight_cnn_rmsprop_with_a_tenth", "five_full_batch_epochs", "in_order_hypothyroid_raw",
          "numbers_of_thyroid_patients_with_their_later_dose",
          "frame_of_churners_with_the_reason_for_leaving")  # fmt: skip


@pytest.mark.parametrize(
    "case", [*first_of_each_cause(), *(pytest.param(case, id=case.name) for case in CASES if case.name in MISSED)]
)
def test_a_cause_is_named_first(case):
    found, _ = judge(case, 0)
    assert [finding.cause for finding in found.findings][:1] == [case.cause], str(found)
    assert not any("Error" in reason for reason in found.untested), found.untested


@pytest.mark.parametrize("name", ["f_dropout_in_forward", "mushrooms_edible_ones_first", "spam_batchnorm_with_pairs"])
def test_a_cause_is_named_first_at_a_seed_at_which_it_was_not(name):
    case = next(case for case in CASES if case.name == name)
    found, _ = judge(case, 4)
    assert [finding.cause for finding in found.findings][:1] == [case.cause], str(found)


# healthy trainings that were accused of something once
ACCUSED = ("two_optimizers", "cross_validation_breast_cancer", "softplus_loss", "log_with_epsilon",
           "positive_weight_mlc_churn", "fine_tune_last_layer_first", "frozen_pretrained_backbone",
           "wild_ok_clipped_lstm", "wild_ok_packed_gru", "wild_ok_contrastive_then_probe",
           "wild_ok_multi_task_second_head", "wild_ok_residual_without_norm", "tables2_fine_whole_numbers",
           "t3_ok_cancer_of_seventy_patients", "t3_ok_cancer_more_ill_in_validation",
           "squared_error_small_rate", "best_copy_is_kept", "average_of_weights",
           "hard_table_little_signal", "credit_missing_indicators_scaler_inside", "siamese_same_digit_contrastive",
           "circles_mixture_of_logistic_experts", "graph_convolution_transductive", "one_column_hinge_basis",
           "adult_gradient_accumulation_target_encoding", "moons_vmapped_ensemble_functional",
           "moons_frozen_random_fourier_features", "bags_noisy_or_probabilities",
           "mushrooms_factorisation_machine_separable", "payments_against_own_past", "sms_tfidf_of_training_words",
           "adult_never_married_by_age_alone", "messages_by_length_digits_and_capitals",
          "gene_panel_proximal_lasso", "ad_clicks_streamed_factorisation_machine",
          "breast_cancer_scaled_then_jittered_in_the_loop", "drawn_rows_scaled_and_jittered_in_the_loop",
          "text_message_statistics",
          "returned_orders_by_calendar", "orders_joined_with_their_shops_split_by_shop",
          "trainer_on_patients_kept_together", "credit_neural_additive_model",
          "self_training_from_forty_labels", "program_active_learning_by_uncertainty",
           "program_columns_selected_inside_each_fold", "program_small_perturbations_in_training",
           "scripts_masked_mean_of_embeddings", "custom_autograd_log_loss", "names_read_to_their_end",
           "spambase_one_row_at_a_time_averaged", "quiet_frame_simulated_shops",
           "quiet_partial_likelihood_dropout_of_study", "quiet_two_hospitals_reversed",
           "quiet_tags_answer_whether_any",
           "ordered_levels_cut_in_the_middle", "question_pairs_siamese_gru_two_lengths",
           "sms_curriculum_short_messages_first")  # fmt: skip
HEALTHY = [case for case in CASES if case.cause == "healthy"]


@pytest.mark.parametrize(
    "case", [*HEALTHY[::90], *(case for case in HEALTHY if case.name in ACCUSED)], ids=lambda case: case.name
)
def test_a_healthy_training_is_accused_of_nothing(case):
    found, _ = judge(case, 0)
    assert not [finding for finding in found.findings if finding.severity == "root"], str(found)
    assert not any("Error" in reason for reason in found.untested), found.untested


def overlapping(rows=1200):
    """Return rows, a third of them labelled 1, that a linear model ranks well and can't tell apart for sure."""
    rng = np.random.default_rng(0)
    labels = (rng.random(rows) < 0.33).astype(np.float32)
    return (rng.normal(size=(rows, 5)) + 0.7 * labels[:, None]).astype(np.float32), labels


def trained_on(x, y):
    model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(15):
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(x[rows])[:, 0], y[rows]).backward()
            optimizer.step()
    return model


def called_in_torch(model, rows, labels):
    return (((torch.sigmoid(model(rows)[:, 0]) > 0.9) == labels) * 1.0).mean()


def called_in_numpy(model, rows, labels):
    logits = model(rows)[:, 0].numpy()
    return f1_score(labels.numpy(), logits > 2.2)


def called_at_several(model, rows, labels):
    chances = torch.sigmoid(model(rows)[:, 0]).numpy()
    return max(f1_score(labels.numpy(), chances > cut) for cut in np.linspace(0.2, 0.6, 9))


def called_as_usual(model, rows, labels):
    logits = model(rows)[:, 0].numpy()
    return f1_score(labels.numpy(), logits > 0)


def ranked_by_hand(model, rows, labels):
    outputs = model(rows)[:, 0]
    return (outputs[labels == 1][:, None] > outputs[labels == 0]).float().mean()


def loss_kept_with_its_epoch(model, rows, labels):
    best = {"loss": float("inf")}
    for epoch in range(8):
        outputs = model(rows)[:, 0]
        current = nn.functional.binary_cross_entropy_with_logits(outputs, labels).item()
        if current < best["loss"]:
            best = {"loss": current, "epoch": epoch}
        elif epoch - best["epoch"] >= 6:
            break
        if current < 0.001:
            break
    return f1_score(labels.numpy(), outputs.numpy() > 0)


def called_by_the_kept(model, rows, labels):
    kept = {"epoch": 1, "logits": model(rows)[:, 0].numpy()}
    return f1_score(labels.numpy(), kept["logits"] > 2.2)


@pytest.mark.parametrize(("score", "expected"), [
    (called_in_torch, "a probability of 0.9,"), (called_in_numpy, "a probability of 0.9,"),
    (called_by_the_kept, "a probability of 0.9,"), (called_at_several, None), (called_as_usual, None),
    (ranked_by_hand, None), (loss_kept_with_its_epoch, None),
])  # fmt: skip
def test_the_threshold_that_is_judged_is_the_codes_own(score, expected):
    torch.manual_seed(0)
    x, y = map(torch.from_numpy, overlapping())
    with watch() as seen:
        model = trained_on(x[:800], y[:800])
        with torch.no_grad():
            score(model, x[800:], y[800:])
    found = seen.diagnose()
    assert not any("Error" in reason for reason in found.untested)
    if expected is None:
        assert found.healthy, str(found)
        assert ("the threshold: the code tries several" in found.untested) is (score is called_at_several)
    else:
        assert found.findings[0].cause == "threshold_not_tuned" and expected in found.findings[0].evidence


@pytest.mark.parametrize("picked", [slice(800, None), np.random.default_rng(1).permutation(1200)[:400]])
def test_labels_of_an_evaluation_are_found_at_the_places_of_its_rows(picked):
    torch.manual_seed(0)
    x, y = overlapping()
    rest = np.setdiff1d(np.arange(1200), np.arange(1200)[picked])
    with watch() as seen:
        wrong = np.where(np.arange(800) % 5 < 2, 1 - y[rest], y[rest])
        model = trained_on(torch.from_numpy(x[rest]), torch.from_numpy(wrong))
        with torch.no_grad():
            outputs = model(torch.from_numpy(x[picked]))[:, 0].numpy()
        roc_auc_score(y[picked], outputs)
    assert seen.diagnose().findings[0].cause == "label_noise"


def test_labels_left_over_from_other_rows_are_not_those_of_an_evaluation():
    torch.manual_seed(0)
    x, y = overlapping(1600)
    rows, labels = torch.from_numpy(x), torch.from_numpy(y)
    valid, test = torch.arange(800, 1200), torch.arange(1200, 1600)
    with watch() as seen:
        model = trained_on(rows[:800], labels[:800])
        with torch.no_grad():
            truth = torch.cat([labels[part] for part in valid.split(100)])
            given = torch.cat([model(rows[part])[:, 0] for part in valid.split(100)])
            roc_auc_score(truth, given)
            outputs = model(rows[test])[:, 0]
        roc_auc_score(y[test.numpy()], outputs)
    found = seen.diagnose()
    assert found.healthy, str(found)


def test_a_second_forward_pass_of_a_training_step_is_no_evaluation():
    torch.manual_seed(0)
    x, y = map(torch.from_numpy, overlapping(200))
    model = nn.Linear(5, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch() as seen:
        for _ in range(5):
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(model(x)[:, 0], y)
            moved = model(x + 0.1 * torch.randn_like(x))[:, 0]
            (loss + nn.functional.binary_cross_entropy_with_logits(moved, y)).backward()
            optimizer.step()
        model(x)
    assert len(evaluations(seen.now, trainings(seen.now))) == 1


def by_loader(x, y):
    return DataLoader(TensorDataset(x, y), batch_size=100)


def labels_first(x, y):
    return ((rows, labels) for labels, rows in DataLoader(TensorDataset(y, x), batch_size=100))


def cut_before(x, y):
    return zip(x.split(100), y.split(100), strict=True)


@pytest.mark.parametrize("batches", [by_loader, labels_first, cut_before])
def test_labels_that_leave_before_their_rows_are_judged_belong_to_them(batches):
    torch.manual_seed(0)
    x, y = map(torch.from_numpy, overlapping())
    truth, scores = [], []
    with watch() as seen:
        model = trained_on(x[:600], y[:600])
        with torch.no_grad():
            for rows, labels in batches(x[600:], y[600:]):
                truth.append(labels.numpy())
                scores.append(model(rows.float())[:, 0].numpy())
        roc_auc_score(np.concatenate(truth), np.concatenate(scores))
    found = seen.diagnose()
    assert found.healthy and not found.untested, str(found)


@pytest.mark.parametrize(("ends", "causes"), [([nn.Sigmoid()], ["double_sigmoid"]), ([], [])])
def test_without_time_what_needs_no_other_training_is_tested_and_the_rest_is_said(ends, causes):
    model = nn.Sequential(build()[0], *ends)
    with watch() as seen:
        train(model, torch.optim.Adam(model.parameters(), lr=0.01))
    found = seen.diagnose(budget=1e-9)
    assert [finding.cause for finding in found.findings] == causes, str(found)
    late = {reason for reason in found.untested if reason.endswith("no time was left; budget=, in seconds, gives more")}
    assert late == set(found.untested) and any(reason.startswith("the labels: ") for reason in late), late


def test_a_budget_is_a_positive_number_of_seconds():
    with watch() as seen:
        train(*build(), epochs=1)
    for budget in (0, -1.0, float("nan")):
        with pytest.raises(ValueError, match=f"budget is {budget!r}; expected a positive number of seconds"):
            seen.diagnose(budget)


PROVED = ("churn_sigmoid_in_sequential", "log_likelihood_is_minimised", "spam_step_lr_called_for_every_batch",
          "six_sigmoid_layers", "scripts_deep_linear_on_circles")  # fmt: skip


@pytest.mark.parametrize("case", [case for case in CASES if case.name in PROVED], ids=lambda case: case.name)
def test_a_fix_is_shown_to_work_by_training_again(case):
    found, _ = judge(case, 0)
    first = found.findings[0]
    assert first.cause == case.cause and first.severity == "root" and first.unit == PAIRS
    broken, mended = (sum(curve[-20:]) / 20 for curve in first.curves)
    assert mended < broken - 0.02
    assert "→" in first.confirmed and "3 orders of the batches" in first.confirmed


def test_showing_that_a_fix_works_leaves_weights_outside_the_model_as_they_were():
    layers = [nn.Linear(4, 16), nn.Linear(16, 1)]

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.rest = layers[0], [layers[1]]

        def forward(self, x):
            return self.rest[0](torch.relu(self.first(x)))

    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch() as seen:
        train(model, optimizer)
    before = [parameter.detach().clone() for layer in layers for parameter in layer.parameters()]
    found = seen.diagnose()
    assert found.findings[0].cause == "unregistered_params" and "in the optimizer" in found.findings[0].confirmed
    after = [parameter for layer in layers for parameter in layer.parameters()]
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))


def watched_table(features, labels, validation, answers, epochs=10):
    """The diagnosis of a sane training on these rows."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(features.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    with watch() as seen:
        for _ in range(epochs):
            for rows in torch.randperm(len(features)).split(32):
                optimizer.zero_grad()
                loss = nn.functional.binary_cross_entropy_with_logits(model(features[rows]).squeeze(1), labels[rows])
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            ((model(validation).squeeze(1) > 0) == answers).float().mean().item()
    return seen.diagnose()


@pytest.mark.parametrize(("epochs", "overfitted"), [(60, False), (400, True)])
def test_overfitting_is_shown_by_steps_that_end_earlier(epochs, overfitted):
    x, y = make_moons(700, noise=0.3, random_state=0)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    x = torch.cat([x, torch.randn(700, 4, generator=torch.Generator().manual_seed(0))], dim=1)
    found = watched_table(x[:100], y[:100], x[100:], y[100:], epochs).findings
    assert [finding.cause for finding in found][:1] == ["overfitting"] * overfitted
    if overfitted:
        before, after = re.search(r"log loss on rows held out (\S+) → (\S+)", found[0].confirmed).groups()
        assert found[0].severity == "costs" and float(after) < float(before) - 0.1
        assert float(before) == pytest.approx(found[0].measured["log loss, rows held out"], abs=0.006)


def drawn(rows, seed):
    x = torch.randn(rows, 6, generator=torch.Generator().manual_seed(seed))
    return x, (x[:, 0] + x[:, 1] + 0.3 * x[:, 2] > 0).float()


def test_labels_of_an_evaluation_are_found_in_the_callers_table():
    x, y = drawn(700, 0)
    table = pd.DataFrame({"known": y[400:].numpy().astype(int), "other": np.arange(300)})
    wrong = torch.rand(400, generator=torch.Generator().manual_seed(0)) < 0.25
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)

    def scores():
        with torch.no_grad():
            return torch.sigmoid(model(x[400:])).squeeze(1).numpy()

    with watch() as seen:
        for _ in range(10):
            for rows in torch.randperm(400).split(32):
                optimizer.zero_grad()
                labels = torch.where(wrong, 1 - y[:400], y[:400])[rows]
                nn.functional.binary_cross_entropy_with_logits(model(x[rows]).squeeze(1), labels).backward()
                optimizer.step()
        ((scores() > 0.5) == table["known"]).mean()
    found = seen.diagnose().findings[0]
    assert found.cause == "label_noise" and "rows for evaluation" in found.evidence


def test_labels_held_out_that_are_turned_round_are_no_other_features():
    rng = np.random.default_rng(0)
    labels = rng.random(1200) < 0.15
    rows = torch.from_numpy(rng.normal(size=(1200, 6)) + 1.2 * labels[:, None] * (np.arange(6) < 4)).float()
    y = torch.from_numpy(labels).float()
    found = watched_table(rows[:800], y[:800], rows[800:], 1 - y[800:])
    assert [finding.cause for finding in found.findings] == ["label_encoding"], str(found)


@pytest.mark.parametrize(("in_order", "cause"), [(True, "unshuffled_data"), (False, "preprocess_mismatch")])
def test_rows_of_other_kinds_that_were_cut_off_a_sorted_table_are_told_from_another_preparation(in_order, cause):
    rng = np.random.default_rng(0)
    kind = np.repeat(np.arange(9), 100) if in_order else rng.integers(0, 9, 900)
    x = torch.from_numpy(rng.normal(size=(900, 6)) + 4 * rng.normal(size=(9, 6))[kind]).float()
    y = (x[:, 0] + x[:, 1] > 0).float()
    found = watched_table(x[:600], y[:600], x[600:] if in_order else x[600:].flip(1), y[600:])
    assert found.findings[0].cause == cause, str(found)


def by_mean_and_spread(x, known):
    return (x - known.mean(0)) / known.std(0)


def by_range(x, known):
    return (x - known.min(0).values) / (known.max(0).values - known.min(0).values) * 6 - 3


@pytest.mark.parametrize("prepare", [by_mean_and_spread, by_range])
@pytest.mark.parametrize("alone", [True, False])
def test_rows_of_another_kind_are_accused_only_where_they_are_scaled_by_themselves(prepare, alone):
    (x, y), (others, answers) = drawn(1000, 0), drawn(1000, 1)
    late = others[:, 0] + others[:, 1] > -0.3
    others, answers = others[late], answers[late]
    found = watched_table(prepare(x, x), y, prepare(others, others if alone else x), answers)
    roots = [each for each in found.findings if each.severity == "root"]
    assert [each.cause for each in roots] == ["preprocess_mismatch"] * alone, str(found)
    assert not alone or "by themselves" in roots[0].evidence


def test_rows_of_the_same_kind_that_are_scaled_by_themselves_are_worth_a_note():
    x, y = map(torch.from_numpy, overlapping(2400))
    first, second = (by_mean_and_spread(part, part) for part in x.split(1200))
    found = watched_table(first, y[:1200], second, y[1200:])
    assert [(each.cause, each.severity) for each in found.findings] == [("preprocess_mismatch", "note")], str(found)


def test_a_category_that_gives_the_answer_away_does_so_in_all_its_columns():
    rng = np.random.default_rng(0)
    others, labels = overlapping(1200)
    flags = np.eye(3)[np.where(labels == 1, rng.integers(1, 3, 1200), 0)]
    x = torch.from_numpy(np.column_stack([others[:, :3], flags, others[:, 3:]])).float()
    y = torch.from_numpy(labels)
    found = watched_table(x[:800], y[:800], x[800:], y[800:]).findings[0]
    assert found.cause == "data_leakage" and "column 3" in found.evidence


def test_a_row_number_of_a_sorted_table_gives_the_answer_away_beside_columns_that_rank_well():
    rng = np.random.default_rng(0)
    labels = np.arange(1200) < 480
    rows = np.column_stack([rng.normal(size=(1200, 4)) + 1.4 * labels[:, None], np.arange(1200) / 100])
    order = torch.from_numpy(rng.permutation(1200))
    x, y = torch.from_numpy(rows).float()[order], torch.from_numpy(labels).float()[order]
    found = watched_table(x[:800], y[:800], x[800:], y[800:])
    assert found.findings[0].cause == "data_leakage" and "column 4" in found.findings[0].evidence, str(found)


def before_and_after(rows, labels, away):
    """Columns of rows that say something, and two whose difference is what the label was made from."""
    rng = np.random.default_rng(0)
    base, change = rng.normal(size=len(labels)), np.where(labels == 1, 1, -1) * (0.1 + rng.random(len(labels)))
    change = change if away else rng.normal(size=len(labels))
    return torch.from_numpy(np.column_stack([rows[:, :3], base, base + 0.2 * change, rows[:, 3:]])).float()


@pytest.mark.parametrize("away", [True, False])
def test_two_columns_whose_difference_gives_the_answer_away_are_named(away):
    rows, labels = overlapping(1200)
    x, y = before_and_after(rows, labels, away), torch.from_numpy(labels)
    found = [each for each in watched_table(x[:800], y[:800], x[800:], y[800:]).findings if each.severity == "root"]
    assert [each.cause for each in found] == ["data_leakage"] * away
    assert not away or "columns 3 and 4 together" in found[0].evidence


def test_two_columns_that_the_label_was_made_from_are_no_leak_where_no_other_column_tells_of_it():
    x = torch.randn(1200, 6, generator=torch.Generator().manual_seed(0))
    y = (x[:, 0] + x[:, 1] > 0).float()
    assert watched_table(x[:800], y[:800], x[800:], y[800:]).healthy


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize(("noise", "causes"), [(5.0, ["augmentation_too_heavy"]), (0.2, [])])
def test_copies_with_noise_are_known_by_their_labels(noise, causes, beside):
    rows, labels = overlapping(1500)
    x, y = torch.from_numpy(rows).float(), torch.from_numpy(labels)
    known, answers = (x[:500].repeat_interleave(4, 0), y[:500].repeat_interleave(4)) if beside else (
        x[:500].repeat(4, 1), y[:500].repeat(4))  # fmt: skip
    known = known + noise * torch.randn(known.shape, generator=torch.Generator().manual_seed(0))
    found = watched_table(known, answers, x[500:], y[500:])
    assert [each.cause for each in found.findings if each.severity == "root"] == causes, str(found)


@pytest.mark.parametrize("in_front", [True, False])
def test_labels_of_rows_that_were_dropped_are_seen_where_the_others_still_stand_beside_theirs(in_front):
    x, y = drawn(2000, 0)
    dropped = (torch.arange(2000) % 40 == 20) & (torch.arange(2000) > 240)
    left = x[~(dropped.flip(0) if in_front else dropped)]
    labels = y[-len(left) :] if in_front else y[: len(left)]
    known, others = (slice(-1500, None), slice(-1500)) if in_front else (slice(1500), slice(1500, None))
    found = watched_table(left[known], labels[known], left[others], labels[others], epochs=4).findings[0]
    assert found.cause == "labels_misaligned", found
    assert f"in the {'last' if in_front else 'first'}" in found.evidence or "of that stretch" in found.evidence


@pytest.mark.parametrize(("by_machine", "causes"), [(False, ["data_leakage"]), (True, [])])
def test_rows_that_follow_their_like_are_to_be_split_in_stretches(by_machine, causes):
    generator = torch.Generator().manual_seed(0)
    machines = torch.arange(1200) // 60
    centres = torch.randn(20, 8, generator=generator)
    x = centres[machines] + 0.7 * torch.randn(1200, 8, generator=generator)
    y = (machines % 2).float()
    train = torch.arange(1200) < 900 if by_machine else torch.rand(1200, generator=generator) < 0.75
    places, others = train.nonzero().squeeze(1), (~train).nonzero().squeeze(1)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    with watch() as seen:
        for _ in range(20):
            for rows in places[torch.randperm(len(places))].split(32):
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(model(x[rows]).squeeze(1), y[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            print(((model(x[others]).squeeze(1) > 0) == y[others]).float().mean().item())
    found = [each for each in seen.diagnose().findings if each.cause == "data_leakage"]
    assert [each.cause for each in found] == causes
    assert not causes or "whole stretches" in found[0].evidence


class OfAProduct(nn.Module):
    """Knows of a table what no usual model finds: the sign of a product of columns."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, rows):
        return self.layer(rows.sign().prod(dim=1, keepdim=True)).squeeze(1)


def test_labels_that_the_network_ranks_are_not_misaligned_though_no_reference_model_finds_them():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1200, 1, generator=generator) + torch.randn(1200, 7, generator=generator)
    y = (torch.rand(1200, generator=generator) < torch.where(x.sign().prod(dim=1) > 0, 0.7, 0.3)).float()
    torch.manual_seed(0)
    model = OfAProduct()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    with watch() as seen:
        for _ in range(10):
            for rows in torch.randperm(800).split(32):
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(model(x[rows]), y[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            print(((model(x[800:]) > 0) == y[800:]).float().mean().item())
    assert not [each for each in seen.diagnose().findings if each.severity == "root"]


def test_missing_values_that_are_filled_otherwise_than_in_the_training_rows_are_found():
    rng = np.random.default_rng(0)
    rows, labels = overlapping(1500)
    missing = rng.random(rows.shape) < 0.15
    trained, asked = np.where(missing, 0.3, rows), np.where(missing, -3.0, rows)
    y = torch.from_numpy(labels)
    x, other = (torch.from_numpy(part).float() for part in (trained, asked))
    found = watched_table(x[:1000], y[:1000], other[1000:], y[1000:])
    assert found.findings[0].cause == "preprocess_mismatch" and "filled" in found.findings[0].evidence, str(found)
    assert watched_table(x[:1000], y[:1000], x[1000:], y[1000:]).healthy


@pytest.mark.parametrize(("low", "cause"), [(0.5, "label_encoding"), (0.1, None)])
def test_labels_divided_by_the_larger_of_one_and_two_are_no_probabilities(low, cause):
    x, y = map(torch.from_numpy, overlapping())
    soft = torch.where(y == 1, 1 - low * (cause is None), low)
    found = watched_table(x[:800], soft[:800], x[800:], soft[800:])
    assert [each.cause for each in found.findings if each.severity == "root"] == [cause] * (cause is not None), str(
        found
    )


def test_rows_for_evaluation_of_one_class_were_cut_off_a_table_sorted_by_class():
    x, y = map(torch.from_numpy, overlapping())
    order = torch.argsort(y, stable=True)
    found = watched_table(x[order][:1000], y[order][:1000], x[order][1000:], y[order][1000:])
    assert found.findings[0].cause == "unshuffled_data", str(found)


@pytest.mark.parametrize("seed", range(4))
def test_persons_seen_twenty_times_each_are_not_taken_for_as_many_independent_rows(seed):
    rng = np.random.default_rng(seed)
    persons = rng.normal(size=(120, 6))
    rows = torch.from_numpy(np.repeat(persons, 20, axis=0) + 0.5 * rng.normal(size=(2400, 6))).float()
    labels = torch.from_numpy(np.repeat(persons[:, 0] + persons[:, 1] > 0, 20)).float()
    found = watched_table(rows[:1600], labels[:1600], rows[1600:], labels[1600:])
    assert not [each for each in found.findings if each.severity == "root"], str(found)


@pytest.mark.parametrize("first", [200, 500])
def test_a_stretch_of_rows_with_other_labels_is_found_where_it_is(first):
    x, y = drawn(1000, 0)
    shuffled = torch.randperm(300, generator=torch.Generator().manual_seed(0))
    y[first : first + 300] = y[first : first + 300][shuffled]
    found = watched_table(x, y, *drawn(400, 1)).findings[0]
    assert found.cause == "labels_misaligned"
    named = [int(word) for word in found.evidence.replace(",", " ").split() if word.isdigit()]
    assert abs(named[0] - first) < 25 and abs(named[1] - first - 299) < 25


def test_a_stretch_of_rows_with_their_labels_turned_is_noise_and_not_displaced():
    x, y = drawn(1000, 0)
    y[300:600] = 1 - y[300:600]
    found = watched_table(x, y, *drawn(400, 1)).findings[0]
    assert found.cause == "label_noise" and "wrong way round" in found.evidence


def test_wrong_labels_all_over_are_noise_and_not_a_stretch():
    x, y = drawn(1000, 0)
    wrong = torch.rand(1000, generator=torch.Generator().manual_seed(0)) < 0.25
    found = watched_table(x, torch.where(wrong, 1 - y, y), *drawn(400, 1)).findings[0]
    assert found.cause == "label_noise"


def test_a_class_that_stands_first_and_is_often_missed_is_no_stretch_of_wrong_labels():
    rng = np.random.default_rng(1)
    labels = (rng.random(3000) < 0.33).astype(np.float32)
    rows = (rng.normal(size=(3000, 5)) + 0.5 * labels[:, None]).astype(np.float32)
    ones, zeros = (np.flatnonzero(labels == label) for label in (1, 0))
    train = np.concatenate([ones[:200], zeros[:100]])  # of the rarer class twice as many
    held_out = np.concatenate([ones[-100:], zeros[100:900]])
    found = watched_table(*(torch.from_numpy(part[places]) for places in (train, held_out) for part in (rows, labels)))
    assert not [each for each in found.findings if each.severity == "root"], str(found)


@pytest.mark.parametrize("copies", [1, 4])
def test_copies_with_a_little_noise_on_both_sides_of_the_split_are_found(copies):
    generator = torch.Generator().manual_seed(0)
    x, y = drawn(200, 0)
    x = torch.cat([x] + [x + 0.01 * torch.randn(x.shape, generator=generator) for _ in range(copies)])
    order = torch.randperm(len(x), generator=generator)
    x, y, kept = x[order], y.repeat(1 + copies)[order], len(x) * 3 // 4
    found = watched_table(x[:kept], y[:kept], x[kept:], y[kept:]).findings[0]
    assert found.cause == "data_leakage" and "copies" in found.evidence


def test_equal_rows_of_few_values_are_no_leak_and_their_evaluations_are_counted_once():
    x, y = ((part > 0).float() if part.ndim > 1 else part for part in drawn(900, 0))
    assert watched_table(x[:600], y[:600], x[600:], y[600:]).healthy


def test_rows_of_few_values_are_known_by_where_they_were_drawn_from_and_counted_once():
    x, y = drawn(900, 0)
    x = (2 * x).round()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with watch() as seen:
        for _ in range(10):
            for rows in torch.randperm(600).split(30):  # the other rows of the same tensor are held out
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(model(x[rows]).squeeze(1), y[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            ((model(x[600:]).squeeze(1) > 0) == y[600:]).float().mean().item()
    steps = trainings(seen.now)
    patient = Patient(seen.now, steps, evaluations(seen.now, steps))
    assert patient.table is not None and len(patient.table.labels) == 600


def test_a_rerun_whose_weights_are_no_numbers_ends_with_a_loss_that_is_none():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch() as seen:
        for rows in torch.arange(120).split(20):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy(model(ROWS[rows]).squeeze(1), LABELS[rows]).backward()
            optimizer.step()
    steps = trainings(seen.now)
    retraining = Patient(seen.now, steps, []).retraining
    losses = retraining.run(50, rate=1e38)
    assert len(losses) < 50 and np.isfinite(losses[0]) and np.isnan(losses[-1])
    assert np.isfinite(retraining.run(50)).all()


def test_equal_rows_are_expected_where_a_class_has_the_same_values_always():
    generator = torch.Generator().manual_seed(0)
    y = (torch.rand(900, generator=generator) < 0.4).float()
    scores = torch.randint(2, 7, (900, 1), generator=generator)
    x = torch.where(y[:, None] == 1, 1.0, scores.float())
    found = watched_table(x[:600], y[:600], x[600:], y[600:])
    assert found.healthy and not any("not understand" in reason for reason in found.untested), str(found)


def test_rows_between_the_values_of_flags_were_made_before_the_split():
    generator = torch.Generator().manual_seed(0)
    flags = torch.cat([torch.rand(800, 8, generator=generator) < 0.4, torch.randn(800, 2, generator=generator)], dim=1)
    way = torch.rand(400, 1, generator=generator)
    x = torch.cat([flags, way * flags[:400] + (1 - way) * flags[400:]])
    y = (x[:, :4].sum(dim=1) > 1.5).float()
    order = torch.randperm(1200, generator=generator)
    x, y = x[order], y[order]
    found = watched_table(x[:800], y[:800], x[800:], y[800:]).findings[0]
    assert found.cause == "data_leakage" and "flags" in found.evidence


def test_rows_of_one_class_between_the_counts_of_all_others_were_made_before_the_split():
    rng = np.random.default_rng(0)
    counts = np.column_stack([rng.poisson(mean, 1200) for mean in (4, 6, 9, 12)] + [rng.normal(size=1200)])
    labels = (counts[:, 0] + counts[:, 1] + rng.normal(size=1200) > 12.5).astype(int)
    more, answers = SMOTE(random_state=0).fit_resample(counts, labels)
    order = rng.permutation(len(answers))
    x, y = (torch.tensor(part[order], dtype=torch.float32) for part in (more, answers))
    found = watched_table(x[:1200], y[:1200], x[1200:], y[1200:]).findings[0]
    assert found.cause == "data_leakage" and "synthetic" in found.evidence
    x, y = (torch.tensor(part, dtype=torch.float32) for part in (counts, labels))
    assert watched_table(x[:800], y[:800], x[800:], y[800:]).healthy


def test_columns_that_hang_together_otherwise_in_the_other_class_are_no_mismatch():
    rng = np.random.default_rng(0)
    labels = np.arange(5000) % 2
    common = rng.normal(size=(5000, 1)) * (1 - labels[:, None])
    x = torch.tensor(rng.normal(size=(5000, 6)) + 2 * common + 0.5 * labels[:, None], dtype=torch.float32)
    y = torch.tensor(labels, dtype=torch.float32)
    found = watched_table(x[:4000], y[:4000], x[4000:], y[4000:])
    assert not any(finding.cause == "preprocess_mismatch" for finding in found.findings), str(found)


def test_grey_levels_between_black_and_white_are_no_interpolated_flags():
    generator = torch.Generator().manual_seed(0)
    x = (20 * torch.rand(1200, 12, generator=generator) - 10).clamp(-4, 4).mul(3).round() / 12
    y = (x[:, :4].sum(dim=1) > 0).float()
    assert watched_table(x[:800], y[:800], x[800:], y[800:]).healthy


def test_rows_without_labels_are_compared_with_training_rows_of_their_shares_of_the_classes():
    x, y = drawn(4000, 0)
    rare = torch.cat([torch.where(y == 0)[0][1000:], torch.where(y == 1)[0][-100:]])
    balanced = torch.cat([torch.where(y == 0)[0][:1000], torch.where(y == 1)[0][:1000]]).numpy()
    layout = Columns((Input((6,), torch.float32),), (0,))
    train_rows = Table(x[balanced].double().numpy(), y[balanced].long().numpy(), (2000,), layout)
    others = x[rare].double().numpy()
    held_out = Table(others, np.zeros(len(others), dtype=int), (len(others),), layout, labelled=False)
    known = reference(train_rows)
    assert tell_apart(train_rows, held_out) > 0.65
    assert abs(tell_apart(train_rows, held_out, known) - 0.5) < 0.1
    share = alike(train_rows, held_out, known).prevalence
    assert abs(share - 100 / len(others)) < 0.02


def test_all_rows_in_one_shuffled_batch_are_not_taken_for_augmented():
    x, y = drawn(500, 0)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with watch() as seen:
        some, answers = x[:100], y[:100]
        for _ in range(100):
            rows = torch.randperm(100)
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(some[rows]).squeeze(1), answers[rows]).backward()
            optimizer.step()
    assert seen.diagnose().healthy


def test_lengths_beside_padded_rows_are_followed_to_where_they_were_drawn_from():
    healthy = next(case for case in CASES if case.name == "packed_sequences")
    found, _ = judge(healthy, 0)
    assert found.healthy


def test_a_scripted_module_is_not_taken_for_a_cut_graph():
    torch.manual_seed(0)
    model = torch.jit.script(nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1)))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with watch() as seen:
        train(model, optimizer)
    assert not seen.diagnose().findings


def test_images_of_many_pixels_are_judged_in_a_bounded_time_by_some_of_them():
    generator = torch.Generator().manual_seed(0)
    labels = (torch.rand(240, generator=generator) < 0.5).float()
    images = torch.randn(240, 3, 40, 40, generator=generator)
    images[labels == 1, :, 5:15, 5:15] += 1
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(4800, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    with watch() as seen:
        for _ in range(5):
            for rows in torch.randperm(160).split(20):
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(model(images[rows]).squeeze(1), labels[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            ((model(images[160:]).squeeze(1) > 0) == labels[160:]).float().mean().item()
    assert "weak_signal" in seen.diagnose().ruled_out
