"""The report says what was found in words, pictures and code, and shows no line that is not Python."""

import ast
import html.parser
import json
import linecache
import xml.etree.ElementTree as ElementTree
from math import inf, nan

import nbformat
import pytest
from nbclient import NotebookClient

from helpers.doctor import CAUSES, Diagnosis, Finding
from helpers.doctor.findings import LOSS
from helpers.doctor.pictures import IDLE, Line, bars, curves
from helpers.doctor.report import GROUPS, as_json, verdict
from helpers.doctor.rewrite import change, rewritten
from helpers.doctor.source import place

SHAPES = "`mse_loss` gets shapes (31, 1) and (31,), which broadcast to (31, 31)"
TURNED = "`mse_loss` gets shapes (31,) and (31, 1), which broadcast to (31, 31)"
MESSAGE = "ValueError: Target size (torch.Size([8])) must be the same as input size (torch.Size([8, 1]))"
PAIRS = "predictions and labels of shapes (90, 1) and (90,) are compared as 90 × 90 pairs"
LATER = "predictions and labels of shapes (90,) and (90, 1) are compared as 90 × 90 pairs"

# cause, evidence or fix, the line, the line with the fix
REWRITTEN = [
    ("threshold_on_logits", "", "  p = (model(x).squeeze(1) > 0.5).float()", "  p = (model(x).squeeze(1) > 0).float()"),
    ("threshold_on_logits", "", "hit = torch.round(net(x)) == y", "hit = (net(x) > 0).float() == y"),
    ("threshold_on_logits", "", "p = z.ge(0.5)", "p = z.ge(0)"),
    ("threshold_on_logits", "", "if 0.5 < z:  # é", "if 0 < z:  # é"),
    ("double_sigmoid", "", "m = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())", "m = nn.Sequential(nn.Linear(2, 1))"),
    ("double_sigmoid", "", "    return torch.sigmoid(self.out(x)).view(-1)", "    return self.out(x).view(-1)"),
    ("double_sigmoid", "", "return self.sigmoid(a + b)", "return (a + b)"),
    ("double_sigmoid", "", "return self.out(x).sigmoid()", "return self.out(x)"),
    ("double_sigmoid", "", "criterion = nn.BCEWithLogitsLoss()", "criterion = nn.BCELoss()"),
    ("softmax_before_ce", "", "return F.softmax(self.fc(x), dim=1)", "return self.fc(x)"),
    ("softmax_wrong_dim", "", "p = F.softmax(z, dim=0)", "p = F.softmax(z, dim=1)"),
    ("softmax_wrong_dim", "", "p = torch.softmax(z, 0)", "p = torch.softmax(z, 1)"),
    ("bce_on_logits", "", "criterion = nn.BCELoss()", "criterion = nn.BCEWithLogitsLoss()"),
    ("bce_on_logits", "", "F.binary_cross_entropy(z, y).backward()",
     "F.binary_cross_entropy_with_logits(z, y).backward()"),
    ("shape_broadcast", SHAPES, "loss = mse(model(x[i]), y[i])", "loss = mse(model(x[i]), y[i].unsqueeze(1))"),
    ("shape_broadcast", TURNED, "loss = mse(z, y.unsqueeze(1))", "loss = mse(z, y)"),
    ("shape_broadcast", TURNED, "loss = mse(z, y)", "loss = mse(z, y.squeeze(1))"),
    ("shape_broadcast", MESSAGE, "loss = criterion(z, y)", "loss = criterion(z, y.unsqueeze(1))"),
    ("accuracy_broadcast", PAIRS, "a = ((z > 0) == y).sum()", "a = ((z > 0).squeeze(1) == y).sum()"),
    ("accuracy_broadcast", LATER, "a = p.eq(y).sum()", "a = p.eq(y.squeeze(1)).sum()"),
    ("argmax_single_output", "", "p = out.argmax(dim=1)  # BCEWithLogitsLoss", None),  # a comment says nothing
    ("relu_on_output", "", "return F.relu(self.fc2(x))", "return self.fc2(x)"),
    ("relu_on_output", "", "m = nn.Sequential(a, nn.ReLU(), b, nn.ReLU())", "m = nn.Sequential(a, nn.ReLU(), b)"),
    ("graph_detached", "", "loss = criterion(model(x).detach(), y)", "loss = criterion(model(x), y)"),
    ("graph_detached", "", "x = torch.relu(self.fc2(x)).data", "x = torch.relu(self.fc2(x))"),
    ("nondifferentiable_output", "", "p = torch.round(model(x).squeeze(1))", "p = model(x).squeeze(1)"),
    ("nondifferentiable_output", "", "p = (torch.sigmoid(z) > 0.5).float()", "p = torch.sigmoid(z)"),
    ("lr_too_high", "a learning rate near 0.02", "o = optim.Adam(m.parameters(), lr=2.0)",
     "o = optim.Adam(m.parameters(), lr=0.02)"),
    ("lr_too_low", "a learning rate near 1e-03", "o = torch.optim.SGD(ps, 1e-6, 0.9)",
     "o = torch.optim.SGD(ps, 1e-03, 0.9)"),
    ("unshuffled_data", "", "loader = DataLoader(d, 32, shuffle=False)", "loader = DataLoader(d, 32, shuffle=True)"),
    ("unshuffled_data", "", "loader = DataLoader(d, batch_size=32)",
     "loader = DataLoader(d, batch_size=32, shuffle=True)"),
    ("eval_mode_missing", "", "  p = model(x)", "  model.eval()\n  p = model(x)\n  model.train()"),
    ("train_mode_missing", "", "  o.zero_grad()", "  model.train()\n  o.zero_grad()"),
    ("functional_dropout", "", "x = F.dropout(self.a(x), p)", "x = F.dropout(self.a(x), p, training=self.training)"),
    # to be left alone
    ("threshold_on_logits", "", "p = torch.sigmoid(z) > 0.5", None),
    ("threshold_on_logits", "", "p, q = a > 0.5, b > 0.5", None),
    ("threshold_on_logits", "", "print(round(accuracy, 3))", None),
    ("double_sigmoid", "", "m = nn.Sequential(nn.Linear(2, 9), nn.Sigmoid(), nn.Linear(9, 1))", None),
    ("double_sigmoid", "", "layers += [nn.Linear(a, b), nn.Sigmoid()]", None),
    ("double_sigmoid", "", "criterion = nn.BCEWithLogitsLoss(pos_weight=w)", None),
    ("bce_on_logits", "`clamp` cuts them off there", "criterion = nn.BCELoss()", None),
    ("shape_broadcast", SHAPES, "return (y * p.log()).mean()", None),
    ("accuracy_broadcast", PAIRS, "print(accuracy)", None),
    ("relu_on_output", "", "layers += [nn.Linear(a, b), nn.ReLU()]", None),
    ("lr_too_high", "a learning rate near 0.02", "optimizer.step()", None),
    ("unshuffled_data", "", "loader = DataLoader(d, 32, sampler=s)", None),
    ("unshuffled_data", "shuffle the rows before they are split", "loader = DataLoader(d, 32)", None),
    ("eval_mode_missing", "", "  return model(x)", None),
    ("functional_dropout", "", "x = F.dropout(x)", None),
    ("no_zero_grad", "", "loss.backward()", None),  # the optimizer's name is not known
    ("unscaled_features", "", "loss.backward()", None),
    ("threshold_on_logits", "", "p = (z > 0.5", None),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "said", "line", "expected"), REWRITTEN)
def test_a_line_is_rewritten_or_left_alone(cause, said, line, expected):
    found = rewritten(Finding(cause, "root", 0.9, said, fix=said), line)
    assert found == (None if expected is None else expected.split("\n"))


SCRIPT = """\
from torch import nn, optim
model = nn.Sequential(
    nn.Linear(2, 8),
    nn.ReLU(),
    nn.Linear(8, 1),
    nn.Sigmoid(),  # a probability
)
criterion = nn.BCEWithLogitsLoss()
optimizer = optim.Adam(model.parameters(), lr=3.0)
scheduler = optim.lr_scheduler.StepLR(optimizer, 10)
loader = DataLoader(rows, 32, shuffle=False)
others = DataLoader(held_out, 32, shuffle=False)
for epoch in range(9):
    for x, y in loader:
        z = model(x)
        loss = criterion(
            z, y
        )
        loss.backward()
        optimizer.step()
    scheduler.step()
    with torch.no_grad():
        for x, y in others:
            _, p = torch.max(model(x), 1)
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(SCRIPT)
    linecache.checkcache()
    return str(tmp_path / "train.py")


@pytest.mark.parametrize(("cause", "said", "line", "gone", "new"), [
    ("no_zero_grad", "", 19, range(19, 20), ["        optimizer.zero_grad()", "        loss.backward()"]),
    ("no_optimizer_step", "", 19, range(19, 20), ["        loss.backward()", "        optimizer.step()"]),
    ("lr_too_high", "a learning rate near 0.03", 20, range(9, 10),
     ["optimizer = optim.Adam(model.parameters(), lr=0.03)"]),
    ("double_sigmoid", "", 15, range(2, 8),
     ["model = nn.Sequential(", "    nn.Linear(2, 8),", "    nn.ReLU(),", "    nn.Linear(8, 1),", ")"]),
    ("unshuffled_data", "", 15, range(11, 12), ["loader = DataLoader(rows, 32, shuffle=True)"]),
    ("train_mode_missing", "", 19, range(15, 16), ["        model.train()", "        z = model(x)"]),
    ("argmax_single_output", "", 24, range(24, 25), ["            p = (model(x).squeeze(1) > 0).long()"]),
    ("shape_broadcast", SHAPES, 17, range(16, 19),
     ["        loss = criterion(", "            z, y.unsqueeze(1)", "        )"]),
])  # fmt: skip
def test_the_change_stands_where_it_belongs(script, cause, said, line, gone, new):
    found = change(Finding(cause, "root", 0.9, said, f"{script}:{line}", said))
    assert (found.lines, found.new) == (gone, new)
    lines = SCRIPT.split("\n")
    ast.parse("\n".join([*lines[: gone.start - 1], *new, *lines[gone.stop - 1 :]]))


@pytest.mark.parametrize("where", ["unknown", "", "no_such_file.py:3", "{script}:0", "{script}:999", "{script}:16"])
def test_no_change_is_made_up(script, where):
    found = Finding("labels_misaligned", "root", 0.9, "seen", where.format(script=script), "fix")
    assert change(found) is None
    assert "The labels do not belong" in str(Diagnosis((found,), (), ()))
    assert "The labels do not belong" in Diagnosis((found,), (), ())._repr_html_()


def test_a_place_is_said_without_the_machine(script):
    assert place(f"{script}:18") == "train.py, line 18"
    assert place("unknown") == "unknown" and place("") == ""
    assert place("/tmp/ipykernel_77/1234.py:3") == "line 3 of a cell"
    found = Finding("no_zero_grad", "root", 0.97, "seen", f"{script}:18")
    assert repr(found) == "<no_zero_grad (root, 97 % sure), train.py, line 18: seen>"


class Tags(html.parser.HTMLParser):
    """Notes which tags are open, and fails on one that is closed out of order."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.words = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data if "style" not in self.open else ""


def read(diagnosis):
    tags = Tags()
    tags.feed(diagnosis._repr_html_())
    assert tags.open == []
    return tags


def sick(script):
    root = Finding("no_zero_grad", "root", 0.97, "<b>old</b> & `grad` stay", f"{script}:19", "clear",
                   "300 steps: 0.7 → 0.1", ((0.7, nan, inf), (0.7, 0.3, 0.1)),
                   {"<i>without": 3.5, "with": nan})  # fmt: skip
    note = Finding("imbalance", "note", 0.5, "few", "unknown", "threshold", "no")
    return Diagnosis((root, note), ("lr_too_high", "data_leakage"), ("re-runs: <none>",), (0.7, 0.6), 0.69)


def test_the_page_tells_it_from_top_to_bottom(script):
    page = read(sick(script))
    order = ["Gradients are never cleared and pile up.", "Root cause, 97 % sure", "<b>old</b> & grad stay.",
             "<i>without", "train.py, line 19", "+       optimizer.zero_grad()", "300 steps", "without the change",
             "no number from step 2", IDLE, "lesson 05", "1 further finding", "One class is rare",
             "Ruled out: 2 other causes", "the learning rate is too high", "Could not be tested", "<none>"]  # fmt: skip
    positions = [page.words.find(words) for words in order]
    assert -1 not in positions and positions == sorted(positions), list(zip(order, positions, strict=True))
    assert ("a", {"href": "05_optimizer_choice.ipynb"}) in page.seen
    assert not {"script", "b>old", "i"} & {tag for tag, _ in page.seen}


def test_the_terminal_tells_the_same_in_100_columns(script):
    said = str(sick(script))
    assert max(map(len, said.splitlines())) <= 100
    for words in ("Gradients are never cleared", "97 % sure", "+       optimizer.zero_grad()", "train.py, line 19",
                  "300 steps", "05_optimizer_choice", "lr_too_high", "<none>", "with: no number"):  # fmt: skip
        assert words in said, said


def test_a_healthy_training_gets_a_page_of_its_own():
    tested = ("lr_too_high", "data_leakage")
    healthy = Diagnosis((), tested, (), tuple(0.7 - 0.005 * step for step in range(100)), 0.69)
    assert verdict(healthy) == "Nothing is wrong that these tests can see, and 2 causes were ruled out."
    page = read(healthy)
    assert "the training loss went from 0.70 to 0.23" in page.words and IDLE in page.words
    assert ("details", {"open": None}) in page.seen
    assert verdict(Diagnosis((), (), ("the block never called backward()",))) == "There was nothing to diagnose."
    noted = Diagnosis((Finding("imbalance", "note", 0.5, "few"),), tested, ())
    assert verdict(noted).startswith("Nothing is wrong that these tests can see, one thing is worth knowing")
    cost = Diagnosis((Finding("imbalance", "costs", 0.5, "few"),), tested, ())
    assert verdict(cost) == "The network learns, but one class is rare, and the threshold misses it."


CURVES = [(), (0.5,), (nan, nan), (inf,), (1.0, nan, 2.0), (0.0, 0.0), (-3.0, 5.0), (1e-9, 1e12), (1e308, -1e308, 1.0),
          (0.7,) * 1000, (-inf, 3.0)]  # fmt: skip


@pytest.mark.parametrize("values", CURVES, ids=str)
@pytest.mark.parametrize("idle", [0.69, inf, nan, 0.0, -1.0])
def test_no_curve_breaks_a_picture(values, idle):
    for picture in (curves([Line("a < b", values, "a"), Line("c", (0.5, 0.4), "b")], idle, LOSS),
                    curves([Line("a < b", values, "a")], idle, LOSS),
                    bars({f"{number}": value for number, value in enumerate(values[:9])})):  # fmt: skip
        assert len(picture) < 20_000 and not {"nan", "inf"} & set(picture.replace('"', " ").split())
        for path in ElementTree.fromstring(picture).iter() if picture else ():
            assert "nan" not in path.get("d", "") and "inf" not in path.get("d", "")


def test_the_object_for_machines_is_strict_json(script):
    def refuse(constant):
        raise AssertionError(constant)

    found = json.loads(as_json(sick(script)), parse_constant=refuse)
    assert list(found) == ["healthy", "findings", "ruled_out", "untested"] and found["healthy"] is False
    assert found["findings"][0]["curves"] == [[0.7, None, None], [0.7, 0.3, 0.1]]
    assert found["findings"][0]["notebook"] == "05_optimizer_choice"


def test_every_cause_is_in_one_group():
    assert sorted(" ".join(GROUPS.values()).split()) == sorted(CAUSES)


CELL = """\
import torch
from torch import nn
from helpers.doctor import watch
torch.manual_seed(0)
x = torch.randn(200, 2)
with watch() as seen:
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(20):
        nn.functional.binary_cross_entropy_with_logits(model(x).squeeze(1), (x[:, 0] > 0).float()).backward()
        optimizer.step()
found = seen.diagnose()
print(found)
"""


def test_a_notebooks_cell_is_named_by_its_first_line_and_shows_no_bar():
    magic = "%%diagnose\n" + CELL.replace("with watch() as seen:", "if True:").partition("found =")[0]
    texts = ("%load_ext helpers.doctor", CELL, "found", magic, "print(_ih[4][:10])")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in texts])
    NotebookClient(notebook, kernel_name="python3").execute()
    (printed,) = notebook.cells[1].outputs
    assert "line 10 of the cell that begins with `" in printed["text"] and "ipykernel" not in printed["text"], printed[
        "text"
    ]
    assert "optimizer.zero_grad()" in printed["text"]
    (shown,) = notebook.cells[2].outputs
    (by_magic,) = notebook.cells[3].outputs
    assert "line 11 of the cell that begins with `" in by_magic["data"]["text/plain"]
    assert notebook.cells[4].execution_count == 5
    assert notebook.cells[4].outputs[0]["text"] == "get_ipytho\n"
    assert "<svg" in shown["data"]["text/html"] and "ipykernel" not in shown["data"]["text/plain"]
