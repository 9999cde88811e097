"""The doctor finds the rows of a batch also where they are of several lengths, in bags, or behind the first axis."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence
from torch.utils._pytree import tree_leaves
from torch.utils.data import DataLoader, WeightedRandomSampler

from helpers.doctor import watch
from helpers.doctor.anatomy import evaluations, trainings
from helpers.doctor.layouts import layout_of
from helpers.doctor.patient import Patient

WORDS = 60
GENERATOR = torch.Generator().manual_seed(0)
LENGTHS = (4 + 30 * torch.rand(900, generator=GENERATOR) ** 3).int().tolist()
MESSAGES = [torch.randint(1, WORDS, (length,), generator=GENERATOR) for length in LENGTHS]
LABELS = torch.tensor([float((message < 5).any()) for message in MESSAGES])


def behind(messages):
    return (pad_sequence(messages, batch_first=True),)


def in_front(messages):
    return (pad_sequence([message.flip(0) for message in messages], batch_first=True).flip(1),)


def time_first(messages):
    return (pad_sequence(messages),)


def with_mask(messages):
    padded = pad_sequence(messages, batch_first=True)
    return padded == 0, padded


def with_lengths(messages):
    return pad_sequence(messages, batch_first=True), torch.tensor(list(map(len, messages)))


def bag(messages):
    lengths = torch.tensor(list(map(len, messages)))
    return torch.cat(messages), lengths.cumsum(0) - lengths


def turned_bag(messages):
    return bag(messages)[::-1]


def one_hot_channels(messages):
    return (nn.functional.one_hot(pad_sequence(messages, batch_first=True), WORDS).float().mT,)


def packed(messages):
    return (pack_sequence(messages, enforce_sorted=False),)


def apart(messages):
    return (list(messages),)


def halves(messages):
    middles = [len(message) // 2 for message in messages]
    parts = [message.split([middle, len(message) - middle])
             for message, middle in zip(messages, middles, strict=True)]  # fmt: skip
    return tuple(pad_sequence(side, batch_first=True) for side in zip(*parts, strict=True))


WAYS = [behind, in_front, time_first, with_mask, with_lengths, bag, turned_bag, one_hot_channels, packed, apart, halves]


def batches_of(way, size=30):
    parts = [MESSAGES[first : first + size] for first in range(0, 900, size)]
    return [(tree_leaves(way(part)), len(part)) for part in parts]


@pytest.mark.parametrize("way", WAYS)
def test_rows_are_taken_from_a_batch_and_put_back(way):
    batches = batches_of(way)
    layout = layout_of(batches)
    assert layout is not None and layout.ragged
    rows = [layout.rows(tensors) for tensors, _ in batches]
    assert {part.shape[1] for part in rows} == {rows[0].shape[1]} and all(len(part) == 30 for part in rows)
    for (tensors, _), part in zip(batches, rows, strict=True):
        for mine, its in zip(layout.tensors(part), tensors, strict=True):
            assert mine.dtype == its.dtype and torch.equal(mine, its)
    if way is not halves:
        assert layout.lengths(torch.cat(rows)).tolist() == LENGTHS
    shuffled = torch.cat(rows)[torch.randperm(900, generator=GENERATOR)][:30]
    assert torch.equal(layout.rows(layout.tensors(shuffled)), shuffled)


@pytest.mark.parametrize("way", [behind, in_front, time_first, with_lengths, packed, apart, bag])
def test_mean_and_spread_are_those_of_the_steps_without_padding(way):
    batches = batches_of(way)
    layout = layout_of(batches)
    mean, spread = layout.moments(torch.cat([layout.rows(tensors) for tensors, _ in batches]))
    steps = torch.cat(MESSAGES).double()
    torch.testing.assert_close(mean[: max(LENGTHS)], steps.mean().expand(max(LENGTHS)))
    torch.testing.assert_close(spread[: max(LENGTHS)], steps.std(correction=0).expand(max(LENGTHS)))


@pytest.mark.parametrize("way", [behind, in_front, time_first, packed, apart])
def test_the_average_of_a_row_is_that_of_its_steps_without_padding(way):
    rows = [torch.randn(length, 3, generator=GENERATOR) for length in LENGTHS[:90]]
    tensors = [tree_leaves(way(rows[first : first + 30])) for first in (0, 30, 60)]
    layout = layout_of((batch, 30) for batch in tensors)
    found = torch.cat([layout.averages(layout.rows(batch)) for batch in tensors])
    torch.testing.assert_close(found, torch.stack([row.double().mean(dim=0) for row in rows]))


@pytest.mark.parametrize("channels_first", [False, True])
def test_the_average_of_windows_is_taken_over_the_longer_axis(channels_first):
    windows = torch.randn(30, 20, 3, generator=GENERATOR).double()
    tensors = [windows.mT if channels_first else windows]
    layout = layout_of([(tensors, 30)])
    torch.testing.assert_close(layout.averages(layout.rows(tensors)), windows.mean(dim=1))


class Readings(nn.Module):
    """Takes a list of sequences of two readings each."""

    def __init__(self, batch_first):
        super().__init__()
        self.gru, self.head = nn.GRU(2, 16, batch_first=batch_first), nn.Linear(16, 1)

    def forward(self, rows):
        steps = self.gru(pad_sequence(rows, batch_first=True))[0]
        return self.head(steps[torch.arange(len(rows)), torch.tensor(list(map(len, rows))) - 1]).squeeze(1)


@pytest.mark.parametrize(
    ("batch_first", "level", "cause"),
    [(True, 0.0, None), (False, 0.0, "wrong_axis"), (True, 3000.0, "unscaled_features")],
)
def test_faults_of_sequences_in_tensors_of_their_own_are_named(batch_first, level, cause):
    generator = torch.Generator().manual_seed(0)
    labels = (torch.rand(900, generator=generator) < 0.5).float()
    rows = [torch.randn(length, 2, generator=generator) for length in LENGTHS]
    rows = [level + (50 if level else 1) * (row + 0.8 * label) for row, label in zip(rows, labels, strict=True)]
    torch.manual_seed(0)
    model = Readings(batch_first)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    with watch() as seen:
        for _ in range(10):
            for batch in torch.randperm(600).split(30):
                optimizer.zero_grad()
                logits = model([rows[row] for row in batch])
                nn.functional.binary_cross_entropy_with_logits(logits, labels[batch]).backward()
                optimizer.step()
        with torch.no_grad():
            print(((model(rows[600:]) > 0) == labels[600:]).float().mean().item())
    assert next((found.cause for found in seen.diagnose().findings if found.severity == "root"), None) == cause


@pytest.mark.parametrize(("by_machine", "causes"), [(False, ["data_leakage"]), (True, [])])
def test_readings_of_one_machine_on_both_sides_of_the_split_are_seen_by_their_levels(by_machine, causes):
    generator = torch.Generator().manual_seed(0)
    machines = torch.arange(800) // 20
    labels = (machines % 2).float()
    levels = torch.randn(40, 4, generator=generator)
    rows = [torch.randn(12 + length, 4, generator=generator) / 2 + levels[machine] + 0.3 * label
            for length, machine, label in zip(LENGTHS, machines, labels, strict=False)]  # fmt: skip
    order = torch.arange(800) if by_machine else torch.randperm(800, generator=generator)
    torch.manual_seed(0)
    model = nn.GRU(4, 16, batch_first=True)
    head = nn.Linear(16, 1)
    optimizer = torch.optim.Adam([*model.parameters(), *head.parameters()], lr=0.003)

    def logits(places):
        packed = pack_sequence([rows[row] for row in places], enforce_sorted=False)
        return head(model(packed)[1][0]).squeeze(1)

    with watch() as seen:
        for _ in range(8):
            for batch in order[:600][torch.randperm(600)].split(30):
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(logits(batch), labels[batch]).backward()
                optimizer.step()
        with torch.no_grad():
            print(((logits(order[600:]) > 0) == labels[order[600:]]).float().mean().item())
    found = [found.cause for found in seen.diagnose().findings if found.severity == "root"]
    assert [cause for cause in found if cause == "data_leakage"] == causes


def test_many_columns_in_tensors_of_their_own_are_no_rows():
    columns = [torch.arange(30) % size for size in range(2, 12)]
    layout = layout_of([(columns, 30)])
    assert not layout.ragged and layout.rows(columns).shape == (30, 10)


def test_a_constant_column_beside_rows_does_not_make_them_packed():
    given = [torch.randn(30, 2), torch.ones(30, dtype=torch.int64)]
    assert layout_of([(given, 30)]).rows(given).shape == (30, 3)


def test_a_bag_may_be_empty():
    codes, offsets = torch.tensor([3, 1, 2, 4, 5]), torch.tensor([0, 0, 2, 3])
    layout = layout_of([([codes, offsets], 4)])
    rows = layout.rows([codes, offsets])
    assert rows.tolist() == [[-1, -1, 0], [3, 1, 2], [2, -1, 1], [4, 5, 2]]
    assert all(map(torch.equal, layout.tensors(rows), (codes, offsets)))


def test_rows_packed_in_the_order_of_their_lengths_stay_so():
    batches = [sorted(MESSAGES[first : first + 30], key=len, reverse=True) for first in range(0, 900, 30)]
    packs = [pack_sequence(batch) for batch in batches]
    layout = layout_of(([pack.data, pack.batch_sizes], 30) for pack in packs)
    for batch, pack in zip(batches, packs, strict=True):
        rows = layout.rows([pack.data, pack.batch_sizes])
        assert [row[: len(one)].long().tolist() for row, one in zip(rows, batch, strict=True)] == [
            one.tolist() for one in batch
        ]
        assert all(map(torch.equal, layout.tensors(rows), (pack.data, pack.batch_sizes)))
    with pytest.raises(RuntimeError, match="sorted"):
        layout.tensors(rows.flip(0))


def test_rows_of_which_the_padding_is_not_to_be_seen_have_no_layout():
    of_one_length = [[one for one in MESSAGES if len(one) == length] for length in (4, 5, 6, 7)]
    assert layout_of((list(behind(part)), len(part)) for part in of_one_length) is None


def test_batches_of_several_kinds_have_no_layout():
    whole, halves = torch.ones(4, 3), torch.ones(4, 3).half()
    assert layout_of([([whole], 4), ([halves], 4)]) is None
    assert layout_of([([whole], 4), ([whole, whole], 4)]) is None
    assert layout_of([([torch.ones(4, 3, 3)], 4), ([torch.ones(4, 2, 2)], 4)]) is None
    assert layout_of([([whole.to(torch.complex64)], 4)]) is None
    assert layout_of([]) is None


class Words(nn.Module):
    """Takes any of the above; the largest of each feature over a message decides."""

    def __init__(self, way):
        super().__init__()
        self.way, self.codes = way, nn.Embedding(WORDS, 16)
        self.bag, self.head = nn.EmbeddingBag(WORDS, 16, mode="max"), nn.Sequential(nn.ReLU(), nn.Linear(16, 1))

    def forward(self, *given):
        if self.way in (bag, turned_bag):
            return self.head(self.bag(*(given if self.way is bag else given[::-1]))).squeeze(1)
        if self.way is halves:
            given = (torch.cat(given, dim=1),)
        codes = given[self.way is with_mask]
        if self.way is packed:
            codes, _ = pad_packed_sequence(codes, batch_first=True)
        if self.way is apart:
            codes = pad_sequence(codes, batch_first=True)
        if self.way is one_hot_channels:
            codes = codes.argmax(dim=1)
        codes = codes.T if self.way is time_first else codes
        blank = torch.where(codes == 0, -9.0, 0.0)
        return self.head((self.codes(codes) + blank[..., None]).amax(dim=1)).squeeze(1)


def watched(way, labels=LABELS, judged=LABELS, held_out=MESSAGES[600:], epochs=15):
    torch.manual_seed(0)
    model = Words(way)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    with watch() as seen:
        for _ in range(epochs):
            for rows in torch.randperm(600).split(30):
                optimizer.zero_grad()
                logits = model(*way([MESSAGES[row] for row in rows]))
                nn.functional.binary_cross_entropy_with_logits(logits, labels[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            print(((model(*way(held_out)) > 0) == judged[600:]).float().mean().item())
    return seen, model


@pytest.mark.parametrize("way", WAYS)
def test_the_network_is_asked_about_such_rows(way):
    seen, model = watched(way, epochs=1)
    steps = trainings(seen.now)
    patient = Patient(seen.now, steps, evaluations(seen.now, steps))
    assert len(patient.table.labels) == 600 and len(patient.judges.labels) == 300
    assert patient.judges.labels.tolist() == LABELS[600:].tolist()
    with torch.no_grad():
        alone = torch.cat([model(*way([message])) for message in MESSAGES[600:]])
    np.testing.assert_allclose(patient.odds_held_out, alone.double().numpy(), atol=1e-5)
    shapes = {tuple(value.shape for value in inputs) for inputs, _ in patient.retraining.batches}
    assert len(shapes) > 1
    assert np.isfinite(patient.retraining.run(20)).all()


@pytest.mark.parametrize("way", [behind, bag, packed, apart])
def test_the_data_of_such_rows_is_judged(way):
    assert watched(way)[0].diagnose().healthy
    numbers = torch.cat([torch.zeros(1, dtype=torch.int64), 1 + torch.randperm(WORDS - 1, generator=GENERATOR)])
    renumbered = [numbers[message] for message in MESSAGES[600:]]
    assert watched(way, held_out=renumbered)[0].diagnose().findings[0].cause == "preprocess_mismatch"
    assert watched(way, labels=LABELS.roll(1))[0].diagnose().findings[0].cause == "labels_misaligned"


def test_rows_are_known_as_they_were_before_some_of_their_codes_were_hidden():
    torch.manual_seed(0)
    model = Words(behind)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    with watch() as seen:
        for rows in torch.arange(300).split(30):
            (codes,) = behind([MESSAGES[row] for row in rows])
            hidden = (torch.rand(codes.shape) < 0.5) & (codes > 0)
            optimizer.zero_grad()
            logits = model(codes.masked_fill(hidden, WORDS - 1))
            nn.functional.binary_cross_entropy_with_logits(logits, LABELS[rows]).backward()
            optimizer.step()
    patient = Patient(seen.now, trainings(seen.now), [])
    assert patient.augmented
    before = [row[: len(message)].tolist() for row, message in zip(patient.batches.features, MESSAGES, strict=False)]
    assert before == [message.tolist() for message in MESSAGES[:300]]


def test_rows_sorted_by_their_lengths_without_their_labels_were_displaced():
    generator = torch.Generator().manual_seed(1)
    chance = (torch.rand(900, generator=generator) < 0.5).float()

    def by_length(messages):
        return behind(sorted(messages, key=len))

    assert watched(behind, chance, chance)[0].diagnose().findings[0].cause == "weak_signal"
    for epochs, evidence in ((1, "order of their lengths"), (15, "come with another label")):
        found = watched(by_length, chance, chance, epochs=epochs)[0].diagnose().findings[0]
        assert found.cause == "labels_misaligned" and evidence in found.evidence


class Attentive(nn.Module):
    """Weighs the steps of a message by an attention, and leaves out what is padding."""

    def __init__(self):
        super().__init__()
        self.codes, self.score, self.head = nn.Embedding(WORDS, 16), nn.Linear(16, 1), nn.Linear(16, 1)

    def forward(self, codes):
        steps = self.codes(codes)
        weights = self.score(steps).masked_fill((codes < 1)[..., None], -1e9).softmax(dim=1)
        return self.head((weights * steps).sum(dim=1)).squeeze(1)


@pytest.mark.parametrize(("cut", "causes"), [(0.0, []), (0.5, ["threshold_on_logits"])])
def test_an_attention_makes_no_probabilities_of_the_outputs(cut, causes):
    torch.manual_seed(0)
    model = Attentive()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    with watch() as seen:
        for _ in range(10):
            for rows in torch.randperm(600).split(30):
                optimizer.zero_grad()
                logits = model(*behind([MESSAGES[row] for row in rows]))
                nn.functional.binary_cross_entropy_with_logits(logits, LABELS[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            print(((model(*behind(MESSAGES[600:])) > cut) == LABELS[600:]).float().mean().item())
    assert [found.cause for found in seen.diagnose().findings if found.severity == "root"] == causes


@pytest.mark.parametrize(("share", "causes"), [(-1.0, []), (1.0, ["class_weights_wrong"])])
def test_a_sampler_that_draws_the_frequent_class_more_is_seen_in_what_comes_again(share, causes):
    rare = torch.tensor([float(((message == 7) | (message == 8)).any()) for message in MESSAGES])
    weights = torch.where(rare[:600] == 1, rare[:600].mean() ** share, (1 - rare[:600].mean()) ** share)
    torch.manual_seed(0)
    loader = DataLoader(
        list(zip(MESSAGES[:600], rare[:600], strict=True)),
        batch_size=30,
        sampler=WeightedRandomSampler(weights, 600),
        collate_fn=lambda rows: (behind([row for row, _ in rows]), torch.stack([label for _, label in rows])),
    )
    model = Words(behind)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    with watch() as seen:
        for _ in range(15):
            for rows, labels in loader:
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(model(*rows), labels).backward()
                optimizer.step()
    assert [found.cause for found in seen.diagnose().findings if found.severity == "root"] == causes


def test_numbers_that_are_none_are_seen_in_every_input():
    torch.manual_seed(0)
    given = torch.randn(120, 3), torch.randn(120, 2)
    given[1][5] = torch.nan
    labels = (given[0][:, 0] > 0).float()
    model = nn.Bilinear(3, 2, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    with watch() as seen:
        for _ in range(5):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(*given).squeeze(1), labels).backward()
            optimizer.step()
    found = seen.diagnose().findings[0]
    assert found.cause == "nan_features" and "1 of 120 rows" in found.evidence


class Sums(nn.Module):
    """Takes the lengths as a list of numbers."""

    def __init__(self):
        super().__init__()
        self.codes, self.head = nn.Embedding(WORDS, 8), nn.Linear(8, 1)

    def forward(self, codes, lengths):
        found = [one[:length].sum(dim=0) for one, length in zip(self.codes(codes), lengths, strict=True)]
        return self.head(torch.stack(found)).squeeze(1)


def test_a_network_that_takes_lengths_as_numbers_is_not_trained_again_with_those_of_other_rows():
    model = Sums()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    with watch() as seen:
        for rows in torch.randperm(600).split(30):
            some = [MESSAGES[row] for row in rows]
            optimizer.zero_grad()
            logits = model(*behind(some), list(map(len, some)))
            nn.functional.binary_cross_entropy_with_logits(logits, LABELS[rows]).backward()
            optimizer.step()
    patient = Patient(seen.now, trainings(seen.now), [])
    assert patient.retraining is None and any("more of each row" in reason for reason in patient.untested)


def test_a_batch_that_is_as_long_as_it_is_wide_is_read_as_those_of_the_evaluation():
    generator = torch.Generator().manual_seed(0)
    labels = (torch.rand(900, generator=generator) < 0.5).float()
    x = torch.randn(30, 900, 2, generator=generator) + 0.4 * labels[None, :, None]  # time first
    torch.manual_seed(0)
    model = nn.GRU(2, 16)
    head = nn.Linear(16, 1)
    optimizer = torch.optim.Adam([*model.parameters(), *head.parameters()], lr=0.005)

    def logits(rows):
        return head(model(x[:, rows])[0].amax(dim=0)).squeeze(1)

    with watch() as seen:
        for _ in range(10):
            for rows in torch.randperm(600).split(30):
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(logits(rows), labels[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            print(((logits(torch.arange(600, 900)) > 0) == labels[600:]).float().mean().item())
    assert not [found for found in seen.diagnose().findings if found.severity == "root"]


class OfABag(nn.Module):
    """Takes one bag of instances at a time, and weighs them."""

    def __init__(self):
        super().__init__()
        self.encoder, self.attention, self.head = nn.Linear(4, 16), nn.Linear(16, 1), nn.Linear(16, 1)

    def forward(self, bag):
        hidden = torch.relu(self.encoder(bag))
        return self.head((self.attention(hidden).softmax(dim=0) * hidden).sum(dim=0)).squeeze()


def test_the_weights_of_the_instances_in_a_bag_are_no_answers():
    generator = torch.Generator().manual_seed(0)
    labels = (torch.rand(200, generator=generator) < 0.5).float()
    bags = [torch.randn(10, 4, generator=generator) + 0.8 * label for label in labels]
    torch.manual_seed(0)
    model = OfABag()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    with watch() as seen:
        for _ in range(4):
            for place in torch.randperm(150):
                optimizer.zero_grad()
                nn.functional.binary_cross_entropy_with_logits(model(bags[place]), labels[place]).backward()
                optimizer.step()
        with torch.no_grad():
            print(sum(int((model(bags[place]) > 0) == labels[place]) for place in range(150, 200)) / 50)
    found = seen.diagnose()
    assert not [each for each in found.findings if each.severity != "note"]
    assert not any("Error" in reason for reason in found.untested)
