"""`make bench`: how long `replicate` takes beside other libraries, on one thread, all in one run.

Other work on the machine disturbs every time measured. So processor time is measured, which on one thread is the time
on the clock of an idle machine; each round runs every contestant once; ratios are formed within a round, and the median
over the rounds is what counts.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"), "1")
os.environ |= {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "JAX_PLATFORMS": "cpu"}

import argparse
import gc
import json
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from contestants import BATCH, EPOCHS, GROWTH, ROWS, STACKED, Contestant, Train, everyone, new_task, peak_memory

LIBRARIES = ("torch", "numpy", "scikit-learn", "skorch", "lightning", "jax")
AIMS = {  # how many times as long as `replicate` a contestant is to take; `replicate` may take so many times the floor
    "skorch NeuralNetBinaryClassifier": 25,
    "Lightning Trainer": 25,
    "tutorial loop, DataLoader": 20,
    "scikit-learn MLPClassifier": 7,
    "JAX, jit of vmap of scan": 2,
    "matrix products alone": 2,
}
LATEST = Path(__file__).parent / "latest.json"
FLOOR = "matrix products alone"
GIGABYTES = 1.0


@dataclass
class Line:
    """A contestant and what was measured of it: in each round seconds on the clock, and of processor time."""

    contestant: Contestant
    train: Train
    loss: float
    accuracy: float
    compiling: float
    clock: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.contestant.name

    @property
    def dtype(self) -> str:
        return str(self.contestant.dtype).removeprefix("torch.")

    @property
    def micros(self) -> list[float]:
        """Microseconds per network and step, one per round."""
        return [seconds / self.contestant.networks / self.contestant.steps * 1e6 for seconds in self.seconds]

    @property
    def cores(self) -> float:
        """Processor time per time on the clock."""
        return sum(self.seconds) / sum(self.clock)

    def ratio(self, other: "Line") -> float:
        """How many times longer per network than the other, the median over the rounds."""
        return median(mine / theirs for mine, theirs in zip(self.micros, other.micros, strict=True))

    def run(self) -> None:
        """Measure once."""
        gc.collect()
        clock, processor = time.perf_counter(), time.process_time()
        self.train()
        self.clock.append(time.perf_counter() - clock)
        self.seconds.append(time.process_time() - processor)


def enter(contestant: Contestant) -> Line | None:
    """Train once without measuring, to see that it takes the same steps and learns; None if it is not installed."""
    try:
        train = contestant.prepare()
    except ImportError as error:
        watch("")
        print(f"{contestant.name}, {contestant.dtype}, is skipped: {error}; `pip install -e '.[bench]'` brings it")
        return None
    trained = train()
    if trained.steps != contestant.steps:
        raise RuntimeError(f"{contestant.name} took {trained.steps} steps; expected {contestant.steps}")
    labels = new_task().split(0).train.labels.numpy()
    chance = trained.predict().astype(float)
    loss = -np.log(np.where(labels == 1, chance, 1 - chance)).mean()
    accuracy = ((chance > 0.5) == labels).mean() if np.isfinite(chance).all() else np.nan
    return Line(contestant, train, float(loss), float(accuracy), trained.compiling)


def measure_memory(seeds: int) -> dict[str, float] | None:
    """Return the memory of a process of its own, in GB: before training, and at the peak; None where nobody knows."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            before, peak = pool.submit(peak_memory, seeds).result()
        except ImportError:
            return None
    return {"seeds": seeds, "before": before, "peak": peak}


def aims(lines: dict[tuple[str, str], Line], memory: dict[str, float] | None) -> list[dict[str, Any]]:
    """Return for each aim what it says, the value measured, and whether it is reached."""
    ours = lines["replicate", "float64"]
    found: list[dict[str, Any]] = []
    for name, aim in AIMS.items():
        if (name, "float64") not in lines:
            found.append({"aim": f"{aim} × {name}", "value": None, "reached": None})
        elif name == FLOOR:
            value = ours.ratio(lines[name, "float64"])
            found.append({"aim": f"within {aim} × {name}", "value": value, "reached": value <= aim})
        else:
            value = lines[name, "float64"].ratio(ours)
            found.append({"aim": f"{aim} × {name}", "value": value, "reached": value >= aim})
    peak = memory and memory["peak"]
    reached = peak < GIGABYTES if peak else None
    return [*found, {"aim": f"{GROWTH[-1]} seeds under {GIGABYTES:.0f} GB", "value": peak, "reached": reached}]


def show(lines: dict[tuple[str, str], Line], memory: dict[str, float] | None, verdicts: list[dict[str, Any]]) -> None:
    """Print everything as tables."""
    ours = lines["replicate", "float64"]
    print(
        f"\nMedian and best of the rounds in µs per network and step; {ours.contestant.steps} steps make a network.\n"
        "All times are processor time, but for two threads against one.\n"
        f"× replicate: against replicate in the same precision, which trains {STACKED} networks at once.\n"
        "Loss and accuracy: of the first network, on its training rows, at the end.\n"
        "Cores: processor time / time on the clock. Below 1 the machine was busy, above 1 threads ran.\n"
    )
    print(f"{'':43}{'median':>8}{'best':>8}{'s/network':>11}{'× replicate':>13}{'loss':>8}{'accuracy':>10}{'cores':>7}")
    for (name, dtype), line in lines.items():
        if name.startswith("replicate,"):
            continue
        share = line.ratio(lines["replicate", dtype])
        learned = f"{line.loss:8.4f}{line.accuracy:10.1%}" if np.isfinite(line.loss) else f"{'–':>8}{'–':>10}"
        seconds = median(line.micros) * line.contestant.steps / 1e6
        print(f"{name:34}{dtype:9}{median(line.micros):8.1f}{min(line.micros):8.1f}{seconds:11.4f}{share:13.2f}"
              f"{learned}{line.cores:7.2f}")  # fmt: skip
    for line in lines.values():
        if line.compiling:
            print(f"{line.name}, {line.dtype}: {line.compiling:.1f} s of compiling come on top, once.")

    print(f"\n{'replicate, float64':24}{'epochs':>8}{'seconds':>9}{'µs per network and step':>26}")
    for seeds in GROWTH:
        line = ours if seeds == STACKED else lines[f"replicate, {seeds} seeds", "float64"]
        print(
            f"{seeds:>5} seeds{'':14}{line.contestant.epochs:7}{median(line.seconds):8.2f}{median(line.micros):26.1f}"
        )

    history = lines["replicate, history=True", "float64"].ratio(ours)
    one, two = (lines[f"replicate, 30 seeds{rest}", "float64"] for rest in ("", ", 2 threads"))
    print(f"\nWith history=True, the default, {STACKED} seeds take {history:.2f} times as long as without.")
    faster = median(alone / shared for alone, shared in zip(one.clock, two.clock, strict=True))
    print(f"30 seeds take {median(one.clock):.2f} s on one thread and {median(two.clock):.2f} s on two, by the clock: "
          f"{faster:.2f} times as fast.")  # fmt: skip
    if memory:
        print(f"{GROWTH[-1]} seeds, with history: {memory['peak']:.2f} GB at the peak, of which "
              f"{memory['before']:.2f} GB were there before, with everything imported.")  # fmt: skip

    print("\nAims, in float64")
    for verdict in verdicts:
        value = "" if verdict["value"] is None else f"{verdict['value']:.2f}"
        words = {True: "reached", False: "not reached", None: "not measured"}[verdict["reached"]]
        print(f"  {verdict['aim']:42}{value:>8}  {words}")


def record(lines: dict[tuple[str, str], Line], rounds: int) -> dict[str, Any]:
    """Return the circumstances and the times as JSON takes them, without names of the machine or its folders."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor_name(),
        "system": platform.system(),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "rounds": rounds,
        "setting": {"rows": ROWS, "batch": BATCH, "epochs": EPOCHS},
        "contestants": [
            {
                "name": line.name,
                "dtype": line.dtype,
                "networks": line.contestant.networks,
                "epochs": line.contestant.epochs,
                "steps": line.contestant.steps,
                "microseconds_per_network_and_step": round(median(line.micros), 2),
                "times_replicate_in_the_same_dtype": round(line.ratio(lines["replicate", line.dtype]), 3),
                "loss": line.loss if np.isfinite(line.loss) else None,
                "accuracy": line.accuracy if np.isfinite(line.accuracy) else None,
                "compiling_seconds": round(line.compiling, 2),
                "cores": round(line.cores, 3),
                "processor_seconds_by_round": [round(seconds, 4) for seconds in line.seconds],
                "clock_seconds_by_round": [round(seconds, 4) for seconds in line.clock],
            }
            for line in lines.values()
        ],
    }


def processor_name() -> str:
    """Return the model of the processor, as far as the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def watch(text: str) -> None:
    """Show in a terminal what is going on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print, and write the figures to a file."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=LATEST, help="JSON to write (default: latest.json here)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contestant is measured (default: 3)")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error(f"--rounds is {arguments.rounds}; expected at least 1")
    torch.set_num_threads(1)
    torch.manual_seed(0)

    # First of all: Linux counts the memory of the process that starts another as the other's, too.
    memory = measure_memory(GROWTH[-1])
    entered = []
    for contestant in everyone():
        watch(f"getting ready: {contestant.name}")
        if line := enter(contestant):
            entered.append(line)
    for number in range(arguments.rounds):
        for line in entered:
            watch(f"round {number + 1} of {arguments.rounds}: {line.name}")
            line.run()
    watch("")

    lines = {(line.name, line.dtype): line for line in entered}
    verdicts = aims(lines, memory)
    show(lines, memory, verdicts)
    found = record(lines, arguments.rounds) | {"memory_gigabytes": memory, "aims": verdicts}
    arguments.file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"\nWritten to {arguments.file}")


if __name__ == "__main__":
    main()
