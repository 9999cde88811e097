"""The registry of advice, its verdicts and the ledger."""

import json
import re
from dataclasses import replace

import nbformat
import pytest

from helpers import claim
from helpers.claims import CLAIMS, MIME, NOTEBOOKS, headline, ledger
from helpers.claims.__main__ import main
from helpers.scores import Difference

SUPPORT = Difference("a − b", "churn", 0.2, 0.1, 0.3, 20, 0.9, 0.05, "higher")
CONTRADICT = replace(SUPPORT, effect=0.0, low=-0.01, high=0.01)
OPEN = replace(SUPPORT, low=-0.1)


def judge(*evidence):
    return claim("smote-lifts-recall-and-accuracy").judge(evidence)


def on(difference, task, when=""):
    return replace(difference, task=task, when=when)


def test_all_pieces_of_advice_are_there():
    assert len(CLAIMS) == 29
    assert {found.family for found in CLAIMS.values()} == {
        "data", "outputs", "model", "optimisation", "regularising", "validating", "loss"}  # fmt: skip
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)+", id) and CLAIMS[id].said for id in CLAIMS)
    with pytest.raises(ValueError, match="id is 'more-data-helps'; expected one of imbalance-hides-in-accuracy, "):
        claim("more-data-helps")


@pytest.mark.parametrize(
    ("evidence", "text", "kind"),
    [
        ([on(SUPPORT, "a"), on(SUPPORT, "b")], "holds", "holds"),
        ([on(CONTRADICT, "a"), on(CONTRADICT, "b")], "refuted", "refuted"),
        ([on(SUPPORT, "a"), on(OPEN, "b")], "open", "open"),
        ([on(SUPPORT, "a"), on(CONTRADICT, "b")], "no rule found", "no rule found"),
        ([on(SUPPORT, "a", "x"), on(CONTRADICT, "b", "y"), on(CONTRADICT, "a", "z")], 
         "holds when x, not when y or z", "holds when"),
        ([on(SUPPORT, "a", "x"), on(SUPPORT, "b", "y")], "holds", "holds"),
        ([on(SUPPORT, "a", "x"), on(OPEN, "b", "y")], "holds when x, open when y", "holds when"),
        ([on(CONTRADICT, "a", "x"), on(OPEN, "b", "y")], "not when x, open when y", "open"),
        (
            [on(SUPPORT, "a", "x"), on(CONTRADICT, "b", "x"), on(CONTRADICT, "a", "y")],
            "not when y, no rule found when x",
            "open",
        ),
    ],
)  # fmt: skip
def test_the_verdict_follows_from_the_evidence(evidence, text, kind):
    verdict = judge(*evidence)
    assert (verdict.text, verdict.kind) == (text, kind)


def test_evidence_must_be_enough():
    with pytest.raises(ValueError, match="a comparison over 19 seeds; expected at least 20"):
        judge(on(replace(SUPPORT, seeds=19), "a"), on(SUPPORT, "b"))
    with pytest.raises(ValueError, match="comes from 1 task; expected at least 2"):
        judge(SUPPORT, SUPPORT)
    with pytest.raises(ValueError, match="a comparison over 0 seeds"):
        judge()
    assert judge(on(replace(SUPPORT, seeds=18, diverged=2), "a"), on(SUPPORT, "b")).text == "holds"


def test_a_verdict_shows_effect_interval_margin_seeds_and_tasks():
    bundle = judge(on(SUPPORT, "churn"), on(replace(SUPPORT, diverged=2), "thyroid <1", "rare"))._repr_mimebundle_()
    text = bundle["text/plain"]
    assert text.startswith("smote-lifts-recall-and-accuracy: HOLDS\n  said: SMOTE lifts")
    assert "supports    a − b on churn: +0.20 (+0.10 to +0.30), matters from +0.05, 20 seeds, 90% above 0" in text
    assert "on thyroid <1 [rare]: " in text and "20 (2 diverged) seeds" in text
    assert "thyroid &lt;1" in bundle["text/html"] and "<b>holds</b>" in bundle["text/html"]
    assert bundle[MIME]["evidence"][0] == {
        "what": "a − b", "task": "churn", "effect": 0.2, "low": 0.1, "high": 0.3, "seeds": 20, "won": 0.9,
        "margin": 0.05, "says": "higher", "when": "", "diverged": 0, "outcome": "supports"}  # fmt: skip


def notebook(folder, name, *verdicts):
    outputs = [nbformat.v4.new_output("display_data", verdict._repr_mimebundle_()) for verdict in verdicts]
    cells = [nbformat.v4.new_code_cell("x", outputs=[output], execution_count=1) for output in outputs]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")


def test_the_ledger_is_what_the_notebooks_store(tmp_path, monkeypatch, capsys):
    verdict = judge(on(SUPPORT, "a"), on(CONTRADICT, "b"))
    notebook(tmp_path, "00_first")
    notebook(tmp_path, "01_second", verdict)
    found = ledger(tmp_path)
    assert list(found) == ["smote-lifts-recall-and-accuracy"]
    assert found["smote-lifts-recall-and-accuracy"] == verdict.as_dict() | {"lesson": "01_second"}
    assert headline(found) == "1 of 29 pieces of advice measured: 1 following no rule that was found."
    assert headline({}) == "0 of 29 pieces of advice measured: none yet."

    monkeypatch.setattr("helpers.claims.ledger.__defaults__", (tmp_path,))
    main([])
    printed = capsys.readouterr().out
    assert "smote-lifts-recall-and-accuracy: no rule found  (01_second)" in printed
    assert "supports    a − b on a: +0.20" in printed and "contradicts a − b on b: " in printed
    assert "without a verdict yet: imbalance-hides-in-accuracy, " in printed
    main(["--json"])
    report = json.loads(capsys.readouterr().out)
    assert len(report["without_verdict"]) == 28 and report["verdicts"]["smote-lifts-recall-and-accuracy"]["kind"]


def test_two_lessons_cannot_settle_one_claim(tmp_path):
    verdict = judge(on(SUPPORT, "a"), on(SUPPORT, "b"))
    notebook(tmp_path, "00_first", verdict)
    notebook(tmp_path, "01_second", verdict)
    with pytest.raises(ValueError, match=r"01_second.ipynb settles smote.*, but 00_first does so too"):
        ledger(tmp_path)


def test_what_the_lessons_show_is_what_their_ledger_says():
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            for output in cell.get("outputs", []):
                if MIME in output.get("data", {}):
                    stored = output.data[MIME]
                    assert stored["said"] == claim(stored["id"]).said
                    assert stored["verdict"].lower() in output.data["text/plain"].splitlines()[0].lower()
                    assert stored["kind"] in ("holds", "holds when", "refuted", "open", "no rule found")
