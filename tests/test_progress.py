"""The bar shows where somebody watches, and leaves no trace in what a notebook stores."""

import sys

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from helpers import progress
from helpers.progress import Progress

LOOP = """
from helpers import progress
progress.PATIENCE = 0.0
with progress.Progress("training", 3) as bar:
    for done in (1, 2, 3):
        bar.show(done)
print("done")
"""


class Terminal:
    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_a_terminal_gets_one_line_that_vanishes(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with Progress("training", 4) as bar:
        bar.show(1)
        bar.show(1)
        bar.show(2)
    assert sys.stderr.text == "\r\033[Ktraining: 1 of 4\r\033[Ktraining: 2 of 4\r\033[K"


def test_short_work_and_redirected_output_get_nothing(monkeypatch, capfd):
    with Progress("training", 4) as bar:
        bar.show(4)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with Progress("training", 4) as bar:
        bar.show(4)
    assert capfd.readouterr() == ("", "")


def test_an_executed_notebook_stores_no_trace():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LOOP)])
    NotebookClient(notebook, kernel_name="python3").execute()
    assert [output.get("text") for output in notebook.cells[0].outputs] == ["done\n"]


@pytest.fixture
def client():
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_watched_notebook_shows_a_bar_that_ends_empty(client):
    messages = []
    client.execute_interactive(LOOP, allow_stdin=True, output_hook=messages.append, timeout=60)
    shown = [
        (m["msg_type"], m["content"]) for m in messages if m["msg_type"] in ("display_data", "update_display_data")
    ]
    assert [kind for kind, _ in shown] == ["display_data"] + ["update_display_data"] * 3
    assert "training: 1 of 3" in shown[0][1]["data"]["text/html"]
    assert "training: 3 of 3" in shown[2][1]["data"]["text/html"]
    assert shown[3][1]["data"] == {}
    assert len({content["transient"]["display_id"] for _, content in shown}) == 1
