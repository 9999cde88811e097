"""Every PyTorch function that a block of code calls, written down so that it can be asked about and run again."""

import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary

# Of a tensor's attributes, those that are tensors made from it.
_ATTRIBUTES = {"data", "T", "mT", "H", "mH", "real"}
# Calls whose result is not a tensor but leaves PyTorch with the values.
_EXITS = {"item", "tolist", "numpy", "bool", "float", "int", "array"}
NOT_THE_LEARNERS = (
    str(Path(__file__).parent),
    str(Path(__file__).parents[1] / "data.py"),
    str(Path(torch.__file__).parent),
    sysconfig.get_path("purelib"),
    sysconfig.get_path("stdlib"),
    "<frozen",
)


@dataclass(eq=False)
class Call:
    """One call: the function and its name without underscores, what went in, what came out, the learner's line, and
    how many calls came before."""

    function: Any
    name: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    result: Any
    where: str
    place: int

    @cached_property
    def tensors(self) -> list[Tensor]:
        """The tensors that went in."""
        return leaves((*self.arguments, *self.keywords.values()))

    @cached_property
    def results(self) -> list[Tensor]:
        """The tensors that came out."""
        return leaves(self.result)

    def argument(self, position: int, keyword: str) -> Any:
        """Return an argument, however it was given, or None."""
        return self.keywords.get(keyword, self.arguments[position] if position < len(self.arguments) else None)


def leaves(value: object) -> list[Tensor]:
    """Return the tensors in a nest of tuples, lists and dictionaries, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, (tuple, list)):  # PyTorch's own walk takes several times as long for what most calls are given
        return [leaf for each in value for leaf in leaves(each)]
    if value is None or isinstance(value, (bool, int, float, str)):
        return []
    return [leaf for leaf in tree_leaves(value) if isinstance(leaf, Tensor)]


def learners_line() -> str:
    """Return file and line of the innermost frame that is neither PyTorch's, nor Python's, nor ours."""
    frame = _learners_frame()
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "unknown"


def learners_arrays(inputs: Any) -> list[dict[str, Any]]:
    """Return the arrays and tensors, as long as the shortest input or longer, among the variables of each of the
    learner's functions that are running, the innermost first, and of their modules; those in tuples, lists,
    dictionaries, tables and objects, too."""
    rows = min((len(x) for x in leaves(inputs) if x.ndim), default=0)
    frames = list(_learners_frames())
    scopes = [frame.f_locals for frame in frames]
    scopes += [frame.f_globals for frame in frames[:1] if frame.f_globals is not frame.f_locals]
    found = [
        {
            name: value
            for name, variable in list(scope.items())
            if not isinstance(variable, pd.DataFrame) or len(variable) >= rows
            for name, value in _arrays(name, variable)
            if value.ndim and len(value) >= rows
        }
        for scope in scopes
    ]
    return [group for group in found if group]


def _arrays(name: str, variable: Any, inside: bool = False) -> Iterator[tuple[str, Any]]:
    """Yield the arrays and tensors that a variable is or holds, with their names."""
    if isinstance(variable, Tensor | np.ndarray):
        yield name, variable
    elif isinstance(variable, pd.Series):
        yield name, variable.to_numpy()
    elif not inside and not isinstance(variable, ModuleType | type | nn.Module):
        if isinstance(variable, pd.DataFrame):
            parts: Iterable[tuple[Any, Any]] = [(column, variable[column]) for column in variable.columns[:200]]
        elif isinstance(variable, tuple | list):
            parts = enumerate(variable[:12])
        else:
            parts = list((variable if isinstance(variable, dict) else getattr(variable, "__dict__", {})).items())[:50]
        for key, value in parts:
            yield from _arrays(f"{name}[{key!r}]", value, inside=True)


def learners_numbers() -> dict[str, float]:
    """Return the numbers among the variables of the learner's functions that are running, under the expressions that
    give them, also `settings["cut"]` and `self.cut`; of one name, that of the innermost function."""
    frames = list(_learners_frames())
    scopes = [frame.f_locals for frame in frames] + [frame.f_globals for frame in frames[:1]]
    return {
        name: number
        for scope in reversed(scopes)
        for variable, value in list(scope.items())
        for name, number in _numbers(variable, value)
    }


def _numbers(name: str, value: Any, depth: int = 2) -> Iterator[tuple[str, float]]:
    """Yield the numbers that a variable is or holds."""
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        yield name, float(value)
    elif depth and isinstance(value, dict):
        for key, part in list(value.items())[:50]:
            if isinstance(key, str):
                yield from _numbers(f"{name}[{key!r}]", part, depth - 1)
    elif depth and not isinstance(value, Tensor | np.ndarray | pd.DataFrame | pd.Series | ModuleType | type):
        for key, part in list(getattr(value, "__dict__", {}).items())[:50]:
            yield from _numbers(f"{name}.{key}", part, depth - 1)


def learners_stack() -> list[tuple[str, int]]:
    """Return file and line of every frame that is neither PyTorch's, nor Python's, nor ours, the innermost first."""
    return [(frame.f_code.co_filename, frame.f_lineno) for frame in _learners_frames()]


def learners_optimizer() -> Optimizer | None:
    """Return an optimizer that a variable of the learner's holds, or an attribute of one; None if there is none."""
    for frame in _learners_frames():
        variables = [value for value in list(frame.f_locals.values()) if not isinstance(value, ModuleType)]
        held = [value for variable in variables for value in list(getattr(variable, "__dict__", {}).values())]
        for value in variables + held:
            if isinstance(value, Optimizer):
                return value
    return None


def _learners_frames() -> Iterator[FrameType]:
    frame = _learners_frame()
    while frame is not None:
        if _is_the_learners(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def _learners_frame() -> FrameType | None:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and not _is_the_learners(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


@cache
def _is_the_learners(file: str) -> bool:
    return not file.startswith(NOT_THE_LEARNERS)


class Tape(TorchFunctionMode):
    """While active and not paused, adds to `calls` each of a PyTorch function that gives or takes a tensor's values."""

    def __init__(self, calls: list[Call]) -> None:
        super().__init__()
        self.calls = calls
        self.paused = False

    @property
    def on_top(self) -> bool:
        """Whether PyTorch would leave this mode next: not from within a call, nor in another thread."""
        return _get_current_function_mode_stack()[-1:] == [self]

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name == "__iter__" and not self.paused and args[0].ndim:  # a loop over rows picks them
            parts = args[0].unbind()
            self.note(Tensor.unbind, "unbind", args, {}, parts)
            return iter(parts)
        result = func(*args, **(kwargs or {}))
        if self.paused or name == "grad":  # what that gives is no function of values that could be asked again
            return result
        if name == "__get__":
            name = getattr(getattr(func, "__self__", None), "__name__", "")
            if name not in _ATTRIBUTES:
                return result
        name = name.strip("_")
        if isinstance(result, Tensor) or name in _EXITS or leaves(result):
            self.note(func, name, args, kwargs or {}, result)
        return result

    def note(self, function: Any, name: str, arguments: Any, keywords: Mapping[str, Any], result: Any) -> None:
        """Add a call to the tape."""
        noted = Call(function, name, tuple(arguments), dict(keywords), result, learners_line(), len(self.calls))
        self.calls.append(noted)


def made_from(calls: Iterable[Call], start: Iterable[Tensor]) -> Iterator[Call]:
    """Yield, in order, the calls whose results depend on these tensors."""
    known = {id(tensor) for tensor in start}
    for call in calls:
        if not known.isdisjoint(map(id, call.tensors)):
            known |= {id(tensor) for tensor in call.results}
            yield call


def leading_to(calls: list[Call], *ends: Tensor) -> list[Call]:
    """Return, in order, the calls that one of these tensors depends on."""
    wanted, found = {id(end) for end in ends}, []
    for call in reversed(calls):
        if not wanted.isdisjoint(map(id, call.results)):
            wanted |= {id(tensor) for tensor in call.tensors}
            found.append(call)
    return found[::-1]


def replay(calls: Iterable[Call], given: Mapping[int, Tensor], wanted: Tensor) -> Tensor:
    """Run calls again with other tensors in the place of some and return what takes the place of `wanted`.

    given: by the id of the tensor that is replaced. Calls that do not depend on these are not run again; no gradient
    flows into what they gave.

    Raises KeyError if `wanted` does not depend on them, and whatever the calls raise with the new tensors.
    """
    known = dict(given)
    not_ours = {id(value) for value in given.values()}

    def now(value: Any) -> Any:
        if isinstance(value, Tensor):
            return known[id(value)] if id(value) in known else _constant(value)
        return type(value)(map(now, value)) if type(value) in (list, tuple) else value

    for call in calls:
        if known.keys().isdisjoint(map(id, call.tensors)):
            continue
        arguments, keywords = now(call.arguments), {name: now(value) for name, value in call.keywords.items()}
        in_place = getattr(call.function, "__name__", "").endswith("_") or keywords.get("inplace")
        if in_place and arguments and (arguments[0] is call.arguments[0] or id(arguments[0]) in not_ours):
            arguments = (arguments[0].clone(), *arguments[1:])
        with torch.set_grad_enabled(torch.is_grad_enabled() and "out" not in keywords):  # which PyTorch can't follow
            result = call.function(*arguments, **keywords)
        known |= {id(old): value for old, value in zip(call.results, leaves(result), strict=False)}
    return known[id(wanted)]


def _constant(value: Tensor) -> Tensor:
    try:
        return value if value.is_leaf else value.detach()
    except RuntimeError:  # a view of what steps have changed since
        return value


def in_eval_mode(calls: Iterable[Call]) -> list[Call]:
    """Return the calls with dropout left out and batch normalisation by its running statistics."""
    changed = []
    for call in calls:
        if call.name in ("dropout", "dropout1d", "dropout2d", "alpha_dropout", "feature_dropout"):
            changed.append(replace(call, function=lambda x, *_, **__: x))
        elif call.name == "batch_norm" and call.argument(1, "running_mean") is not None:
            given = {**dict(zip(_BATCH_NORM, call.arguments, strict=False)), **call.keywords, "training": False}
            changed.append(replace(call, arguments=(), keywords=given))
        else:
            changed.append(call)
    return changed


_BATCH_NORM = ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")


def has_parameters(call: Call) -> bool:
    """Whether the call applies parameters to data, as a layer does."""
    trained = [tensor for tensor in call.tensors if is_parameter(tensor)]
    return bool(trained) and len(trained) < len(call.tensors)


_ENTERED = WeakIdKeyDictionary()


def note_as_rows(tensors: Iterable[Tensor]) -> None:
    """Note that these enter a module: they are data, also where gradients are asked for, as for an adversarial one."""
    for tensor in tensors:
        if tensor.requires_grad and tensor.is_leaf and not isinstance(tensor, nn.Parameter):
            _ENTERED[tensor] = True


def is_parameter(tensor: Tensor) -> bool:
    """Whether the tensor is a parameter, or a leaf that gradients are asked for and that did not enter a module."""
    if isinstance(tensor, nn.Parameter):
        return True
    try:
        return tensor.requires_grad and tensor.is_leaf and tensor not in _ENTERED
    except RuntimeError:  # a view of parameters that steps have changed since
        return False
