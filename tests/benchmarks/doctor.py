"""What the doctor costs: `watch` beside the same training without it, and how long a diagnosis takes.

Part of `make bench`; on one thread, ratios formed within a round.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from helpers.doctor import watch

STEPS, ROUNDS = 1000, 7
SIZES = (500, 2_000, 10_000)  # rows
WATCHING, USUAL, LONGEST = 1.10, 5.0, 30.0  # aims: times the training, seconds in the median, seconds at most


def healthy(rows: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, float]:
    """Rows, labels and a rate with which the training succeeds."""
    return rows, labels, 0.003


def raw(rows: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, float]:
    """Columns on very different scales."""
    return rows * torch.logspace(-2, 4, rows.shape[1]), labels, 0.003


def too_fast(rows: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, float]:
    """A rate a thousand times too high."""
    return rows, labels, 3.0


def noisy(rows: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, float]:
    """Three labels in ten are wrong."""
    return rows, torch.where(torch.rand(len(labels)) < 0.3, 1 - labels, labels), 0.003


def without_signal(rows: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, float]:
    """Labels in another order than the rows."""
    return rows, labels[torch.randperm(len(labels))], 0.003


def train(rows: Tensor, labels: Tensor, rate: float, steps: int) -> None:
    """Train in batches of 64 and evaluate on every fifth row, which is held out."""
    held_out = torch.arange(len(rows)) % 5 == 0
    known, answers = rows[~held_out], labels[~held_out]
    model = nn.Sequential(nn.Linear(rows.shape[1], 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    left: list[Tensor] = []
    for _ in range(steps):
        left = left or list(torch.randperm(len(known)).split(64))
        batch = left.pop()
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(model(known[batch]).squeeze(1), answers[batch]).backward()
        optimizer.step()
    with torch.no_grad():
        ((model(rows[held_out]).squeeze(1) > 0) == labels[held_out].bool()).float().mean().item()


def task(size: int) -> tuple[Tensor, Tensor]:
    """Twenty columns, three of which say something about the label."""
    torch.manual_seed(0)
    rows = torch.randn(size, 20)
    return rows, (rows[:, 0] + rows[:, 1] * rows[:, 2] + 0.5 * torch.randn(size) > 0).float()


def cost_of_watching() -> float:
    """How many times as long the same steps take under `watch`."""
    rows, labels = task(4_000)
    ratios = []
    for _ in range(ROUNDS):
        started = time.process_time()
        train(rows, labels, 0.003, STEPS)
        alone = time.process_time() - started
        started = time.process_time()
        with watch():
            train(rows, labels, 0.003, STEPS)
        ratios.append((time.process_time() - started) / alone)
    return median(ratios)


def seconds_of_diagnosis(
    sick: Callable[[Tensor, Tensor], tuple[Tensor, Tensor, float]], size: int
) -> tuple[float, str]:
    """How long the diagnosis takes of a training on so many rows, and what it names."""
    rows, labels, rate = sick(*task(size))
    with watch() as seen:
        train(rows, labels, rate, 600)
    started = time.monotonic()
    diagnosis = seen.diagnose()
    named = diagnosis.findings[0].cause if diagnosis.findings else "nothing"
    return time.monotonic() - started, named


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    ratio = cost_of_watching()
    print(f"{STEPS:,} steps of an MLP 20–64–32–1 in batches of 64 take {ratio:.2f} times as long under watch "
          f"(aim: at most {WATCHING:.2f}; median of {ROUNDS} rounds).\n")  # fmt: skip
    print(f"{'seconds of a diagnosis':24}" + "".join(f"{size:>10,} rows" for size in SIZES) + "   names")
    everything = []
    for sick in (healthy, raw, too_fast, noisy, without_signal):
        found = [seconds_of_diagnosis(sick, size) for size in SIZES]
        everything += [seconds for seconds, _ in found]
        names = ", ".join(dict.fromkeys(name for _, name in found))
        print(f"{sick.__name__:24}" + "".join(f"{seconds:>15.1f}" for seconds, _ in found) + f"   {names}")
    print(f"\nmedian {median(everything):.1f} s (aim: {USUAL:.0f}), longest {max(everything):.1f} s "
          f"(aim: {LONGEST:.0f})")  # fmt: skip


if __name__ == "__main__":
    main()
