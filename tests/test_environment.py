"""The three lists of packages agree: pyproject.toml, environment.yml and requirements.lock."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"pytorch": "torch"}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]]


def conda_bounds() -> dict[str, str]:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8").partition("dependencies:")[2]
    lines = re.findall(r"^  - ([a-z][\w.-]*)(.*)$", text, flags=re.MULTILINE)
    return {CONDA_NAMES.get(name, name): bound for name, bound in lines if name != "pip"}


def locked_versions() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    malformed = [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.!]+", pin)]
    assert not malformed, f"each line of requirements.lock is name==version, without +local: {malformed}"
    return {canonicalize_name(name): version for name, version in (pin.split("==") for pin in pins)}


def test_conda_names_the_same_packages_with_the_same_bounds() -> None:
    declared = {requirement.name: str(requirement.specifier) for requirement in DECLARED}
    assert conda_bounds() == declared | {"python": PROJECT["requires-python"]}


def test_every_package_has_a_lower_bound_and_no_upper_one() -> None:
    extras = [Requirement(line) for lines in PROJECT["optional-dependencies"].values() for line in lines]
    for requirement in DECLARED + extras:
        assert re.fullmatch(r">=[\d.]+", str(requirement.specifier)), requirement


def test_the_lock_satisfies_the_bounds() -> None:
    locked = locked_versions()
    for requirement in DECLARED:
        assert requirement.name in locked, f"{requirement.name} is missing from requirements.lock: run make lock"
        assert requirement.specifier.contains(locked[requirement.name]), (requirement, locked[requirement.name])
