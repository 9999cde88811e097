"""Deliberate breaks of helpers, each of which a test or a notebook has to notice.

`python tests/mutants.py` tries them all, `python tests/mutants.py sampler` those with that word in their name. Each is
made in a copy of the course, never in the course itself.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("helpers", "notebooks", "tests", "data")


@dataclass(frozen=True)
class Mutant:
    """In `file`, `old` becomes `new`; then `check`, a test or a notebook, must fail."""

    name: str
    file: str
    old: str
    new: str
    check: str


MUTANTS = [
    Mutant(
        name="pos_weight is ignored",
        file="helpers/training.py",
        old="return losses if pos_weight is None else losses * (1 + (pos_weight - 1) * labels)",
        new="return losses",
        check="notebooks/01_class_imbalance.ipynb",
    ),
    Mutant(
        name="the sampler is ignored",
        file="helpers/training.py",
        old="    if recipe.sampler is None:\n        return train.features",
        new="    if True:\n        return train.features",
        check="notebooks/01_class_imbalance.ipynb",
    ),
    Mutant(
        name="focal loss is plain cross entropy",
        file="helpers/losses.py",
        old="return away * doubt**self.gamma * (self.gamma * (1 - doubt) * surprise + doubt)",
        new="return away * doubt",
        check="notebooks/01_class_imbalance.ipynb",
    ),
    Mutant(
        name="the threshold is chosen on the test rows",
        file="helpers/scores.py",
        old='best_threshold(_labels(task, run, "validation"), run.probabilities["validation"], threshold)',
        new='best_threshold(_labels(task, run, "test"), run.probabilities["test"], threshold)',
        check="notebooks/01_class_imbalance.ipynb",
    ),
    Mutant(
        name="intervals ignore that re-splits overlap",
        file="helpers/scores.py",
        old="sqrt((1 / len(values) + test_to_train) *",
        new="sqrt((1 / len(values)) *",
        check="notebooks/01_class_imbalance.ipynb",
    ),
    Mutant(
        name="a second sigmoid at prediction",
        file="helpers/losses.py",
        old='return torch.sigmoid(outputs) if loss.takes == "logits" else outputs',
        new='return torch.sigmoid(torch.sigmoid(outputs)) if loss.takes == "logits" else outputs',
        check="notebooks/00_start_here.ipynb",
    ),
    Mutant(
        name="every seed draws the same",
        file="helpers/seeding.py",
        old="return np.random.default_rng([key, int(seed)])",
        new="return np.random.default_rng([key, 0])",
        check="notebooks/00_start_here.ipynb",
    ),
    Mutant(
        name="permuted labels stay where they are",
        file="helpers/data.py",
        old="part.labels[torch.from_numpy(rng.permutation(len(part)))]",
        new="part.labels",
        check="notebooks/00_start_here.ipynb",
    ),
    Mutant(
        name="copies of rows stay in the data",
        file="helpers/data.py",
        old="keep = ~self.features.assign(_label=self.labels).duplicated().to_numpy()",
        new="keep = np.full(len(self.labels), True)",
        check="notebooks/00_start_here.ipynb",
    ),
    Mutant(
        name="the scaler is fitted on all rows",
        file="helpers/data.py",
        old=".fit(dataset.numbers[train])",
        new=".fit(dataset.numbers)",
        check="tests/test_data.py",
    ),
    Mutant(
        name="test rows stand in the training part",
        file="helpers/data.py",
        old="rows = np.concatenate([train, validation, test])",
        new="train = np.concatenate([train, test])\n        rows = np.concatenate([train, validation, test])",
        check="tests/test_data.py",
    ),
    Mutant(
        name="dropout is off",
        file="helpers/networks.py",
        old="        if not self.training:\n            return activations",
        new="        if True:\n            return activations",
        check="tests/test_training.py",
    ),
    Mutant(
        name="early stopping keeps the last weights",
        file="helpers/training.py",
        old="    if kept:\n        model.load_state_dict(kept)",
        new="    if False:\n        model.load_state_dict(kept)",
        check="tests/test_training.py",
    ),
    Mutant(
        name="arms with the same seed are not paired",
        file="helpers/training.py",
        old='rng = generator("batches", seed)',
        new='rng = generator(f"batches {recipe}", seed)',
        check="tests/test_training.py",
    ),
    Mutant(
        name="stacked seeds share one order of batches",
        file="helpers/replicate.py",
        old='[generator("batches", seed) for _, seed in sources]',
        new='[generator("batches", 0) for _, seed in sources]',
        check="tests/test_replicate.py",
    ),
    Mutant(
        name="a probability is taken for a logit",
        file="helpers/losses.py",
        old='return torch.sigmoid(outputs) if loss.takes == "logits" else outputs',
        new="return torch.sigmoid(outputs)",
        check="notebooks/03_missing_sigmoid.ipynb",
    ),
    Mutant(
        name="the threshold is ignored",
        file="helpers/scores.py",
        old="chance > np.array(cuts)[:, None]",
        new="chance > 0.5",
        check="notebooks/03_missing_sigmoid.ipynb",
    ),
    Mutant(
        name="the schedule is ignored",
        file="helpers/training.py",
        old="if recipe.schedule is not None:",
        new="if False:",
        check="notebooks/03_missing_sigmoid.ipynb",
    ),
    Mutant(
        name="equal is supported outside its margin",
        file="helpers/scores.py",
        old="if -self.margin < low and high < self.margin:",
        new="if True:",
        check="notebooks/03_missing_sigmoid.ipynb",
    ),
    Mutant(
        name="the clouds lie closer than they say",
        file="helpers/data.py",
        old="centre = (labels - 0.5)[:, None] * self.distance * direction",
        new="centre = (labels - 0.5)[:, None] * self.distance**0.9 * direction",
        check="notebooks/03_missing_sigmoid.ipynb",
    ),
    Mutant(
        name="label smoothing is ignored",
        file="helpers/losses.py",
        old="return labels * (1 - self.smoothing) + self.smoothing / 2 if self.smoothing else labels",
        new="return labels",
        check="notebooks/04_overfitting.ipynb",
    ),
    Mutant(
        name="early stopping watches the loss, whatever it is told",
        file="helpers/training.py",
        old='score = self.history[self.recipe.monitor][-1] * (-1 if self.recipe.monitor.endswith("loss") else 1)',
        new='score = -self.history["validation_loss"][-1]',
        check="notebooks/04_overfitting.ipynb",
    ),
    Mutant(
        name="the kept weights are not put back",
        file="helpers/replicate.py",
        old="                values[row] = value\n",
        new="                pass\n",
        check="notebooks/04_overfitting.ipynb",
    ),
    Mutant(
        name="AdamW is Adam",
        file="helpers/training.py",
        old='"adamw": torch.optim.AdamW,',
        new='"adamw": torch.optim.Adam,',
        check="notebooks/04_overfitting.ipynb",
    ),
    Mutant(
        name="the L1 penalty is left out",
        file="helpers/replicate.py",
        old="gradient[rows].add_(values[rows].sign(), alpha=l1)",
        new="pass",
        check="notebooks/04_overfitting.ipynb",
    ),
    Mutant(
        name="dropout does not scale what it keeps",
        file="helpers/replicate.py",
        old="return mask.to(self.recipe.dtype) / (1 - self.network.dropout)",
        new="return mask.to(self.recipe.dtype)",
        check="notebooks/04_overfitting.ipynb",
    ),
    Mutant(
        name="no scaler is applied",
        file="helpers/data.py",
        old="None if self.scaler is None else clone(self.scaler)",
        new="None",
        check="notebooks/02_feature_scaling.ipynb",
    ),
    Mutant(
        name="log loss takes the label for its opposite",
        file="helpers/scores.py",
        old="np.where(labels == 1, np.log(kept), np.log1p(-kept))",
        new="np.where(labels == 0, np.log(kept), np.log1p(-kept))",
        check="notebooks/02_feature_scaling.ipynb",
    ),
    Mutant(
        name="the training rows of one seed serve all",
        file="helpers/data.py",
        old='state = random_state("split", seed)',
        new='state = random_state("split", 0)',
        check="notebooks/02_feature_scaling.ipynb",
    ),
    Mutant(
        name="missing numbers become the mean",
        file="helpers/data.py",
        old='SimpleImputer(strategy="median", keep',
        new='SimpleImputer(strategy="mean", keep',
        check="notebooks/02_feature_scaling.ipynb",
    ),
    Mutant(
        name="momentum is left out",
        file="helpers/training.py",
        old='settings["momentum"] = self.momentum',
        new='settings["momentum"] = 0.0',
        check="notebooks/05_optimizer_choice.ipynb",
    ),
    Mutant(
        name="weight decay is left out",
        file="helpers/training.py",
        old='"weight_decay": self.weight_decay}',
        new='"weight_decay": 0.0}',
        check="notebooks/05_optimizer_choice.ipynb",
    ),
    Mutant(
        name="the last batch of an epoch is dropped",
        file="helpers/replicate.py",
        old="take_step in self.optimizers:",
        new="take_step in self.optimizers if labels.shape[1] == self.recipe.batch_size else []:",
        check="notebooks/05_optimizer_choice.ipynb",
    ),
    Mutant(
        name="a diverged run counts as finished",
        file="helpers/training.py",
        old="self.best_epoch, not finite)",
        new="self.best_epoch, False)",
        check="tests/test_scores.py",
    ),
    Mutant(
        name="words are chosen from all messages",
        file="helpers/data.py",
        old="np.bincount(table[rows[0]].ravel()",
        new="np.bincount(table.ravel()",
        check="notebooks/05_optimizer_choice.ipynb",
    ),
    Mutant(
        name="column 0 stands for the label 1",
        file="helpers/exercises.py",
        old="return torch.cat([torch.zeros_like(logits), logits], dim=1)",
        new="return torch.cat([logits, torch.zeros_like(logits)], dim=1)",
        check="tests/test_exercises.py",
    ),
    Mutant(
        name="outputs and targets that broadcast are let pass",
        file="helpers/doctor/contracts.py",
        old="squares = [result for result in call.results if result.numel() == step.rows**2] or call.name in LOSSES",
        new="squares = call.name in LOSSES",
        check="notebooks/06_the_doctor.ipynb",
    ),
    Mutant(
        name="an optimizer of another model is let pass",
        file="helpers/doctor/audit.py",
        old="missing = [tensor for tensor in trainable if id(tensor) not in held]",
        new="missing = [tensor for tensor in trainable if id(tensor) not in held and not held]",
        check="notebooks/06_the_doctor.ipynb",
    ),
    Mutant(
        name="the rows for evaluation do not testify for the features",
        file="helpers/doctor/labels.py",
        old="if elsewhere is not None and _carries(elsewhere):",
        new="if elsewhere is None:",
        check="notebooks/06_the_doctor.ipynb",
    ),
    Mutant(
        name="a training step of a new length is taken for an evaluation",
        file="helpers/doctor/record.py",
        old="return all(size in sizes or len(sizes) > 2 for size, sizes in known)",
        new="return all(size in sizes for size, sizes in known)",
        check="tests/test_doctor_layouts.py",
    ),
    Mutant(
        name="rows are fed with the padding of the longest of all",
        file="helpers/doctor/layouts.py",
        old="lengths = [self.inputs[leader].length(shaped[leader]) for leader in self.leaders]",
        new="lengths = [one.shape[one.ragged] if one.ragged is not None else 0 for one in self.inputs]",
        check="tests/test_doctor_layouts.py",
    ),
    Mutant(
        name="a re-run leaves the features as they are",
        file="helpers/doctor/retraining.py",
        old="self.template.answer(self.model, prepare(inputs))",
        new="self.template.answer(self.model, inputs)",
        check="notebooks/06_the_doctor.ipynb",
    ),
    Mutant(
        name="a re-run keeps its rate",
        file="helpers/doctor/retraining.py",
        old="usual_rate(group) * rate",
        new="usual_rate(group)",
        check="notebooks/06_the_doctor.ipynb",
    ),
    Mutant(
        name="logits may be compared with a half",
        file="helpers/doctor/contracts.py",
        old="call.name in THRESHOLDS and log_odds_of(cut, False) == 0.5",
        new="call.name in THRESHOLDS and log_odds_of(cut, False) == 0.25",
        check="notebooks/06_the_doctor.ipynb",
    ),
    Mutant(
        name="what follows a head of its own is lost",
        file="helpers/doctor/anatomy.py",
        old="untils[place] = untils[place + 1]",
        new="pass",
        check="tests/test_doctor_ways.py",
    ),
    Mutant(
        name="padding counts in the average",
        file="helpers/doctor/layouts.py",
        old="/ lengths.clamp(min=1)[:, None]",
        new="/ self.shape[self.ragged]",
        check="tests/test_doctor_layouts.py",
    ),
    Mutant(
        name="outputs of a pair are no labels",
        file="helpers/doctor/readout.py",
        old="isinstance(other, _Value) and not other.output and",
        new="isinstance(other, _Value) and",
        check="tests/test_readout.py",
    ),
    Mutant(
        name="decisions that are compared again are logits",
        file="helpers/doctor/contracts.py",
        old="or any(_is_decided(evaluation.calls, tensor) for tensor in call.tensors)",
        new="or False",
        check="tests/test_doctor_ways.py",
    ),
    Mutant(
        name="reference models take as long as they like",
        file="helpers/doctor/references.py",
        old="    check_time()\n    if groups is None and table.windows:",
        new="    if groups is None and table.windows:",
        check="tests/test_doctor.py::test_without_time_what_needs_no_other_training_is_tested_and_the_rest_is_said",
    ),
]


def copy_course(folder: str) -> Path:
    copy = Path(folder).resolve()
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def run_pytest(copy: Path, *checks: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--nbval", *checks]
    env = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, check=False)


def expect_the_copy_is_imported() -> None:
    """The tests and the notebooks' kernel must see the copy, not the helpers installed in this environment."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_course(folder)
        probe = f"import helpers\n\nassert helpers.__path__ == [{str(copy / 'helpers')!r}], helpers.__path__"
        notebook = new_notebook(cells=[new_code_cell(probe, execution_count=1)])
        nbformat.write(notebook, copy / "notebooks" / "probe.ipynb")
        (copy / "tests" / "test_probe.py").write_text(f"{probe}\n\n\ndef test_probe():\n    pass\n", encoding="utf-8")
        expect_green(run_pytest(copy, "notebooks/probe.ipynb", "tests/test_probe.py"), "the import of the copy")


def expect_green_unbroken(check: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expect_green(run_pytest(copy_course(folder), check), f"{check}, with helpers unbroken,")


def expect_green(run: subprocess.CompletedProcess[str], what: str) -> None:
    if run.returncode != 0:
        sys.exit(f"{what} fails, so that its failing would prove nothing:\n{run.stdout}{run.stderr}")


def is_caught(mutant: Mutant) -> bool:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_course(folder)
        file = copy / mutant.file
        source = file.read_text(encoding="utf-8")
        if source.count(mutant.old) != 1:
            sys.exit(f"{mutant.name}: {mutant.file} has {mutant.old!r} {source.count(mutant.old)} times, not once")
        broken = source.replace(mutant.old, mutant.new)
        compile(broken, mutant.file, "exec")
        file.write_text(broken, encoding="utf-8")
        run = run_pytest(copy, mutant.check)
    if run.returncode not in (0, 1):  # pytest gives 1 for a failed test, more for one that could not be run
        sys.exit(f"{mutant.name}: {mutant.check} could not be run:\n{run.stdout}{run.stderr}")
    failed = next((line for line in run.stdout.splitlines() if line.startswith("FAILED")), "")
    witness = failed.removeprefix("FAILED ").partition(" - ")[0] or f"not by {mutant.check}"
    verdict = "caught" if run.returncode else "SURVIVED"
    print(f"{verdict:8} in {time.monotonic() - started:3.0f} s  {mutant.name:40}  {witness}", flush=True)
    return run.returncode == 1


def main() -> int:
    words = sys.argv[1:] or [""]
    chosen = [mutant for mutant in MUTANTS if any(word in mutant.name for word in words)]
    expect_the_copy_is_imported()
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(expect_green_unbroken, sorted({mutant.check for mutant in chosen})))
        caught = sum(pool.map(is_caught, chosen))
    print(f"{caught} of {len(chosen)} deliberate breaks caught")
    return 0 if chosen and caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
