"""One training run, with plain PyTorch written out by hand as the oracle."""

import numpy as np
import pytest
import torch
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn.linear_model import LogisticRegression
from torch import nn

from helpers import (
    BCE,
    MLP,
    BCEWithLogits,
    Focal,
    FreshDraws,
    Gaussians,
    NoisyXor,
    Recipe,
    Resplits,
    SquaredError,
    TextResplits,
    TokenGRU,
    cosine,
    fit,
    load,
)
from helpers.losses import probabilities
from helpers.networks import ACTIVATIONS, SeededDropout
from helpers.seeding import generator
from helpers.training import draw_order, resampled

TASK = FreshDraws(NoisyXor(0.1, 4), train=300, validation=150, test=100)
IMBALANCED = FreshDraws(Gaussians(1.5, 3, prevalence=0.1), train=300, validation=200, test=200)


def by_hand(
    task, seed, optimizer, epochs, loss=None, dropout=0.0, patience=None, activation=nn.ReLU, l1=0.0, schedule=None
):
    """Train a 4–16–8–1 network, batches of 50, in the plainest PyTorch; return probabilities, validation losses."""
    loss = loss or nn.BCEWithLogitsLoss()
    split = task.split(seed)
    weights = generator("initial weights", seed)
    inputs = split.train.features.shape[1]
    layers = [nn.Linear(inputs, 16), nn.Linear(16, 8), nn.Linear(8, 1)]
    for layer in layers:
        layer.double()
        bound = 1 / layer.in_features**0.5
        layer.weight.data = torch.from_numpy(weights.uniform(-bound, bound, layer.weight.shape))
        layer.bias.data = torch.from_numpy(weights.uniform(-bound, bound, layer.bias.shape))
    masks = [generator(f"dropout {number}", seed) for number in range(2)]
    act = activation()

    def forward(x, training):
        for number, layer in enumerate(layers[:-1]):
            x = act(layer(x))
            if training and dropout:
                kept = masks[number].random(x.shape, dtype=np.float32) >= np.float32(dropout)
                x = x * torch.from_numpy(kept) / (1 - dropout)
        return layers[-1](x).squeeze(1)

    parameters = [parameter for layer in layers for parameter in layer.parameters()]
    step = optimizer(parameters)
    if schedule:
        schedule = torch.optim.lr_scheduler.LambdaLR(step, schedule)
    order = generator("batches", seed)
    validation, best = [], None
    for epoch in range(epochs):
        permutation = order.permutation(len(split.train))
        for start in range(0, len(permutation), 50):
            rows = torch.from_numpy(permutation[start : start + 50])
            step.zero_grad()
            fitted = loss(forward(split.train.features[rows], True), split.train.labels[rows])
            (fitted + l1 * sum(parameter.abs().sum() for parameter in parameters)).backward()
            step.step()
            if schedule:
                schedule.step()
        with torch.no_grad():
            validation.append(loss(forward(split.validation.features, False), split.validation.labels).item())
        if patience is not None:
            if validation[-1] == min(validation):
                best = (epoch, [parameter.detach().clone() for parameter in parameters])
            if epoch - best[0] >= patience:
                break
    if best is not None:
        for parameter, value in zip(parameters, best[1], strict=True):
            parameter.data = value
    with torch.no_grad():
        return torch.sigmoid(forward(split.test.features, False)).numpy(), validation


SMALL = Recipe(network=MLP((16, 8)), batch_size=50, epochs=6, learning_rate=0.01)


@pytest.mark.parametrize(
    ("recipe", "optimizer", "options"),
    [
        (SMALL, lambda p: torch.optim.Adam(p, lr=0.01), {}),
        (SMALL.but(optimizer="adamw", weight_decay=0.1), lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1), {}),
        (SMALL.but(weight_decay=0.1), lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1), {}),
        (SMALL.but(optimizer="sgd", momentum=0.9), lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9), {}),
        (SMALL.but(optimizer="rmsprop"), lambda p: torch.optim.RMSprop(p, lr=0.01), {}),
        (SMALL.but(optimizer="rmsprop", momentum=0.5), lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5), {}),
        (SMALL.but(network=MLP((16, 8), dropout=0.3)), lambda p: torch.optim.Adam(p, lr=0.01), {"dropout": 0.3}),
        (SMALL.but(epochs=60, patience=2), lambda p: torch.optim.Adam(p, lr=0.01), {"patience": 2}),
        (SMALL.but(pos_weight=3.0), lambda p: torch.optim.Adam(p, lr=0.01),
         {"loss": nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))}),
        (SMALL.but(network=MLP((16, 8), activation="tanh")), lambda p: torch.optim.Adam(p, lr=0.01),
         {"activation": nn.Tanh}),
        (SMALL.but(network=MLP((16, 8), output="probability"), loss=BCE()), lambda p: torch.optim.Adam(p, lr=0.01),
         {"loss": lambda z, y: nn.BCELoss()(torch.sigmoid(z), y)}),
        (SMALL.but(loss=BCEWithLogits(smoothing=0.2)), lambda p: torch.optim.Adam(p, lr=0.01),
         {"loss": lambda z, y: nn.BCEWithLogitsLoss()(z, 0.8 * y + 0.1)}),
        (SMALL.but(loss=SquaredError("logits")), lambda p: torch.optim.Adam(p, lr=0.01), {"loss": nn.MSELoss()}),
        (SMALL.but(l1=0.003), lambda p: torch.optim.Adam(p, lr=0.01), {"l1": 0.003}),
        (SMALL.but(schedule=cosine), lambda p: torch.optim.Adam(p, lr=0.01),
         {"schedule": lambda step: 0.5 + 0.5 * np.cos(np.pi * step / 36)}),
    ],
    ids=["adam", "adamw", "adam+l2", "sgd", "rmsprop", "rmsprop+momentum", "dropout", "patience", "pos_weight", "tanh",
         "bce", "smoothing", "squared error", "l1", "cosine"],
)  # fmt: skip
def test_fit_is_plain_pytorch(recipe, optimizer, options):
    run = fit(recipe, TASK, seed=5)
    expected, losses = by_hand(TASK, 5, optimizer, recipe.epochs, **options)
    assert np.abs(run.probabilities["test"] - expected).max() < 1e-9
    assert np.abs(run.history["validation_loss"] - losses).max() < 1e-9
    if recipe.patience is not None:
        assert len(losses) < recipe.epochs and run.best_epoch == int(np.argmin(losses)) + 1


def test_an_mlp_on_shares_is_a_mean_pooled_bag_of_embeddings():
    dataset = load("sms_spam").distinct()
    shares = TextResplits(dataset, words=50).split(0).test
    tokens = TextResplits(dataset, words=50, length=60, encode="tokens").split(0).test
    model = MLP((8,), activation="identity").build(50, seed=0)
    bag = nn.EmbeddingBag(51, 8, mode="mean", padding_idx=0, dtype=torch.float64)
    bag.weight.data[1:] = model[0].weight.data.T
    short = tokens.features[:, -1] == 0  # the others are cut
    with torch.no_grad():
        expected = model[2](bag(tokens.features.long()) + model[0].bias)
        assert short.double().mean() > 0.95
        assert torch.allclose(model(shares.features)[short], expected[short], atol=1e-12)


def test_the_gru_reads_each_message_to_its_end_and_no_further():
    torch.manual_seed(0)
    model = TokenGRU(words=30, embedding=4, width=5)(12)
    tokens = torch.randint(1, 31, (6, 12)).double()
    lengths = [12, 7, 1, 5, 0, 3]
    for row, length in zip(tokens, lengths, strict=True):
        row[length:] = 0
    with torch.no_grad():
        together = model(tokens)
        for row, length, logit in zip(tokens, lengths, together, strict=True):
            state = torch.zeros(1, 5, dtype=torch.float64)
            if length:
                state = model.gru(model.table(row[None, :length].long()))[1][0]
            assert torch.allclose(model.head(state)[0], logit, atol=1e-12)
        assert torch.equal(model(nn.functional.pad(tokens, (0, 3))), together)
    model(tokens).sum().backward()
    assert (model.table.weight.grad[0] == 0).all()


def test_the_gru_learns_from_texts_and_each_seed_always_the_same():
    task = TextResplits(load("sms_spam").distinct(), words=50, length=8, encode="tokens")
    recipe = Recipe(TokenGRU(50, 4, 4), learning_rate=0.1, batch_size=256, epochs=2)
    run, again = (fit(recipe, task, 0, history=False) for _ in range(2))
    assert np.array_equal(run.probabilities["test"], again.probabilities["test"])
    first, last = run.history["batch_loss"]
    assert last < first < 0.69
    with pytest.raises(ValueError, match="width is 0; expected a positive integer"):
        TokenGRU(50, width=0)


def test_without_hidden_layers_it_is_logistic_regression():
    task = FreshDraws(Gaussians(1.0, 3), train=400, validation=100, test=100)
    recipe = Recipe(network=MLP(()), optimizer="sgd", learning_rate=1.0, momentum=0.9, batch_size=400, epochs=400)
    run = fit(recipe, task, 0, history=False)
    split = task.split(0)
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(split.train.features, split.train.labels)
    assert np.abs(run.probabilities["test"] - oracle.predict_proba(split.test.features)[:, 1]).max() < 1e-5


@pytest.mark.parametrize("loss", [BCEWithLogits(), Focal(0.0), Focal(2.0), BCE()], ids=str)
def test_losses_agree_with_pytorch_or_their_formula(loss):
    logits = torch.linspace(-30, 30, 61, dtype=torch.float64)
    for label in (0.0, 1.0):
        labels = torch.full_like(logits, label)
        chance = torch.sigmoid(logits)
        right = torch.sigmoid(logits * (2 * label - 1))
        expected = -((1 - right) ** getattr(loss, "gamma", 0.0)) * torch.nn.functional.logsigmoid(
            logits * (2 * label - 1)
        )
        found = loss(logits if loss.takes == "logits" else chance, labels)
        assert torch.allclose(found, expected, rtol=1e-3 if loss.takes == "probabilities" else 1e-12, atol=1e-14)


@pytest.mark.parametrize("loss", [BCEWithLogits(), BCEWithLogits(0.1), Focal(0.0), Focal(2.0), Focal(5.0)], ids=repr)
def test_a_loss_that_states_its_gradient_states_the_one_of_autograd(loss):
    outputs = torch.linspace(-50, 50, 101, dtype=torch.float64, requires_grad=True)
    for label in (0.0, 1.0):
        labels = torch.full((101,), label, dtype=torch.float64)
        (expected,) = torch.autograd.grad(loss(outputs, labels).sum(), outputs)
        assert torch.allclose(loss.gradient(outputs.detach(), labels), expected, rtol=1e-12, atol=1e-15)


def test_outputs_mean_what_the_loss_takes_them_for():
    outputs = torch.tensor([0.2, 0.8], dtype=torch.float64)
    assert torch.equal(probabilities(BCE(), outputs), outputs)
    assert torch.equal(probabilities(Focal(), outputs), torch.sigmoid(outputs))


def test_initial_weights_are_distributed_as_those_of_nn_linear():
    ours = torch.cat(
        [weight.flatten() for seed in range(200) for weight, _ in MLP((20,)).initial_weights(50, seed)][::2]
    )
    torch.manual_seed(0)
    theirs = torch.cat([nn.Linear(50, 20).weight.flatten() for _ in range(200)]).double()
    assert ours.std().item() == pytest.approx(theirs.std().item(), rel=0.01)
    assert ours.abs().max().item() == pytest.approx(50**-0.5, rel=1e-3)


def test_dropout_silences_the_asked_share_scales_the_rest_and_rests_in_eval_mode():
    layer = SeededDropout(0.3, generator("test", 0))
    ones = torch.ones(1000, 50, dtype=torch.float64)
    silenced = (layer(ones) == 0).double().mean().item()
    assert silenced == pytest.approx(0.3, abs=0.01)
    assert torch.unique(layer(ones)).tolist() == pytest.approx([0.0, 1 / 0.7])
    assert torch.equal(layer.eval()(ones), ones)


def test_with_dropout_the_batch_loss_is_higher_than_the_training_loss_in_eval_mode():
    run = fit(SMALL.but(network=MLP((16, 8), dropout=0.5), epochs=30), TASK, 0)
    assert run.history["batch_loss"][-5:].mean() > run.history["train_loss"][-5:].mean() + 0.02


def test_balanced_pos_weight_is_negatives_over_positives():
    balanced = fit(SMALL.but(pos_weight="balanced"), IMBALANCED, 0)
    nine = fit(SMALL.but(pos_weight=9.0), IMBALANCED, 0)
    plain = fit(SMALL, IMBALANCED, 0)
    assert np.array_equal(balanced.probabilities["test"], nine.probabilities["test"])
    assert balanced.probabilities["test"].mean() > plain.probabilities["test"].mean() + 0.1


@pytest.mark.parametrize(("sampler", "rows"), [(RandomOverSampler(), 540), (RandomUnderSampler(), 60), (SMOTE(), 540)])
def test_resampling_evens_the_classes_of_the_training_part_with_the_seed_of_the_run(sampler, rows):
    train = IMBALANCED.split(0).train
    features, labels = resampled(SMALL.but(sampler=sampler), train, 0)
    assert len(labels) == len(features) == rows and labels.mean() == 0.5
    again, other = (resampled(SMALL.but(sampler=sampler), train, seed)[0] for seed in (0, 1))
    assert torch.equal(features, again) and not torch.equal(features, other)
    assert sampler.random_state is None


def test_one_epoch_draws_as_many_rows_as_there_were_before_resampling():
    rng = generator("test", 0)
    assert sorted(draw_order(rng, 5, 5)) == [0, 1, 2, 3, 4]
    assert len(set(draw_order(rng, 9, 5))) == 5
    assert np.bincount(draw_order(rng, 3, 7)).tolist() in ([3, 2, 2], [2, 3, 2], [2, 2, 3])
    assert SMALL.steps_for(300) == 36 and SMALL.steps_for(301) == 42


def test_a_network_of_the_learners_own_is_trained_and_leaves_the_global_state_alone():
    def network(inputs):
        return nn.Sequential(nn.Linear(inputs, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1))

    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    runs = [fit(SMALL.but(network=network, epochs=40), TASK, seed) for seed in (0, 0, 1)]
    assert torch.equal(before, torch.random.get_rng_state())
    assert np.array_equal(runs[0].probabilities["test"], runs[1].probabilities["test"])
    assert not np.array_equal(runs[0].probabilities["test"], runs[2].probabilities["test"])
    assert runs[0].history["train_loss"][-1] < 0.55
    assert not runs[0].model.training


def test_history_can_be_left_out_and_changes_nothing():
    long, short = fit(SMALL, TASK, 0), fit(SMALL, TASK, 0, history=False)
    assert list(short.history) == ["batch_loss"] and short.validation_by_epoch.shape == (0, 150)
    assert np.array_equal(long.probabilities["test"], short.probabilities["test"])
    assert long.validation_by_epoch.shape == (6, 150)
    assert np.array_equal(long.validation_by_epoch[-1], long.probabilities["validation"])


def test_early_stopping_on_accuracy_keeps_the_weights_of_the_best_epoch():
    run = fit(SMALL.but(epochs=60, patience=3, monitor="validation_accuracy"), TASK, 2)
    accuracy = run.history["validation_accuracy"]
    assert run.best_epoch == int(accuracy.argmax()) + 1 and len(accuracy) == run.best_epoch + 3
    kept = ((run.probabilities["validation"] > 0.5) == TASK.split(2).validation.labels.numpy()).mean()
    assert kept == accuracy.max()


@pytest.mark.filterwarnings("error")
def test_a_run_that_diverges_says_so():
    for network, loss in ((MLP((16, 8)), BCEWithLogits()), (MLP((16, 8), output="probability"), BCE())):
        run = fit(SMALL.but(network=network, loss=loss, optimizer="sgd", learning_rate=1e200), TASK, 0)
        assert run.diverged
    assert not fit(SMALL, TASK, 0).diverged


def test_float32_is_close_to_float64_but_not_the_same():
    single, double = fit(SMALL.but(dtype=torch.float32), TASK, 0), fit(SMALL, TASK, 0)
    gap = np.abs(single.probabilities["test"] - double.probabilities["test"]).max()
    assert 1e-9 < gap < 1e-2


def test_the_recipe_learns_real_data():
    run = fit(Recipe(epochs=5), Resplits(load("breast_cancer")), 0)
    labels = Resplits(load("breast_cancer")).split(0).test.labels.numpy()
    assert ((run.probabilities["test"] > 0.5) == labels).mean() > 0.9


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("network", 3, "an MLP or a function"),
        ("loss", "bce", "a loss of helpers.losses"),
        ("loss", nn.BCELoss(), "a loss of helpers.losses"),
        ("pos_weight", 0.0, "a positive number or 'balanced'"),
        ("pos_weight", "auto", "a positive number or 'balanced'"),
        ("pos_weight", float("nan"), "a positive number or 'balanced'"),
        ("optimizer", "lion", "one of sgd, adam, adamw, rmsprop"),
        ("learning_rate", -1e-3, "a positive number"),
        ("learning_rate", float("inf"), "a positive number"),
        ("learning_rate", True, "a positive number"),
        ("momentum", 1.0, "at least 0 and below 1"),
        ("momentum", 0.9, "0 with the optimizer 'adam'"),
        ("weight_decay", -0.1, "at least 0"),
        ("schedule", 0.5, "None or a function of the share of steps taken"),
        ("l1", -1.0, "a number of at least 0"),
        ("batch_size", 0, "a positive integer"),
        ("batch_size", 32.0, "a positive integer"),
        ("epochs", 0, "a positive integer"),
        ("sampler", "smote", "None or an imbalanced-learn sampler"),
        ("patience", 0, "None or a positive integer"),
        ("monitor", "auc", "one of validation_loss, validation_accuracy"),
        ("dtype", torch.float16, "torch.float64 or torch.float32"),
    ],
)
def test_a_recipe_refuses_impossible_settings_by_name(field, value, expected):
    with pytest.raises(ValueError, match=f"^{field} is .*; expected .*{expected}"):
        Recipe(**{field: value})


def test_a_loss_of_probabilities_wants_a_network_that_gives_them():
    with pytest.raises(ValueError, match=r"takes probabilities.*expected a network with output='probability'"):
        Recipe(loss=BCE())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": [64]}, r"hidden is \[64\]; expected a tuple of positive integers"),
        ({"hidden": (0,)}, "hidden is .*; expected a tuple of positive integers"),
        ({"activation": "swish"}, f"activation is 'swish'; expected one of {', '.join(ACTIVATIONS)}"),
        ({"dropout": 1.0}, "dropout is 1.0; expected a share of at least 0 and below 1"),
        ({"output": "softmax"}, "output is 'softmax'; expected 'logit' or 'probability'"),
    ],
)
def test_an_mlp_refuses_impossible_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        MLP(**settings)


def test_losses_refuse_impossible_settings():
    with pytest.raises(ValueError, match="gamma is -1; expected a number of at least 0"):
        Focal(-1)
    with pytest.raises(ValueError, match=r"smoothing is 1.0; expected a share of at least 0 and below 1"):
        BCEWithLogits(smoothing=1.0)
    with pytest.raises(ValueError, match="takes is 'scores'; expected 'logits' or 'probabilities'"):
        SquaredError("scores")


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (
            lambda inputs: nn.Linear(inputs, 2),
            r"outputs have shape \(50, 2\) for 50 rows; expected \(50,\) or \(50, 1\)",
        ),
        (lambda inputs: "net", r"network\(4\) returned a str; expected a torch.nn.Module"),
    ],
)
def test_fit_refuses_networks_without_one_output_per_row(network, message):
    with pytest.raises(ValueError, match=message):
        fit(SMALL.but(network=network), TASK, 0)


def test_early_stopping_needs_a_history():
    with pytest.raises(ValueError, match="history is False, but patience is 2"):
        fit(SMALL.but(patience=2), TASK, 0, history=False)
