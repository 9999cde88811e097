"""What the README states is so."""

import re
from pathlib import Path

from helpers.claims import headline, ledger

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_what_its_comment_says(capsys):
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    exec(code, {})
    assert capsys.readouterr().out.strip() == code.strip().rpartition("# ")[2]


def test_the_headline_is_that_of_the_ledger():
    assert headline(ledger()) in README.replace("\n", " ")


def test_every_lesson_stands_in_the_table():
    notebooks = sorted(path.name for path in (Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
    assert re.findall(r"\(notebooks/([^)]+)\)", README) == notebooks
