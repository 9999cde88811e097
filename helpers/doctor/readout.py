"""What the learner's own lines do with the output after it has left PyTorch: read from their source."""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from helpers.doctor.anatomy import LOSSES, Evaluation, Training
from helpers.doctor.contracts import (
    DECISIONS,
    gives_logits,
    gives_two_logits,
    log_odds_of,
    one_logit_of_two,
    within_unit,
)
from helpers.doctor.findings import Finding
from helpers.doctor.source import parsed
from helpers.doctor.tape import leading_to, leaves

_EXITS = ("numpy", "tolist", "item", "float", "array")
_FLATTENS = {"ravel", "flatten", "squeeze", "reshape"}
_SQUASHES = {"sigmoid", "expit", "softmax", "exp"}
_ROUNDS = {"round", "rint", "around"}
_CARRIES = {"astype", "copy", "asarray", "array", "where", "clip", "concatenate", "hstack", "vstack", "list", "float",
            "numpy", "cpu", "detach", "to_numpy"}  # fmt: skip
_NO_LOGITS = {"sigmoid", "softmax"} | DECISIONS  # probabilities or decisions


@dataclass(frozen=True)
class _Value:
    """What is known of an array: its shape (-1 for a length that is not known), whether a sigmoid was applied or a
    decision taken, and whether it comes from the model."""

    shape: tuple[int, ...]
    squashed: bool
    output: bool


_Known: TypeAlias = "_Value | float | tuple[Any, ...] | dict[object, Any] | None"
_Names: TypeAlias = dict[str, _Known]
_Scope: TypeAlias = ast.Module | ast.FunctionDef


def read_predictions(step: Training, reading: "Reading") -> Iterator[Finding]:
    """What the prediction promises, where it is computed in numpy: as `contracts.prediction_contract` for PyTorch."""
    logits, of_two = gives_logits(step), gives_two_logits(step)
    for node, (value, other) in reading.events.items():
        line = f"{reading.file}:{node.lineno}"
        text = ast.unparse(node)[:80]
        if other is not None:
            one, two = sorted((value.shape, other.shape), key=len)
            if len(one) == 1 and len(two) == 2 and two[1] == 1 and 1 not in (one[0], two[0]):
                pairs = f": {one[0]} × {one[0]} pairs" if one[0] == two[0] > 0 else ", every row with every other"
                yield Finding(
                    "accuracy_broadcast",
                    "root",
                    0.93,
                    f"`{text}` compares a column with an array of one dimension{pairs}",
                    line,
                    "give both the same shape: .ravel()",
                )
        elif isinstance(node, ast.Call) and _name(node.func) == "argmax":
            if len(value.shape) == 2 and value.shape[1] == 1:
                yield Finding(
                    "argmax_single_output",
                    "root",
                    0.93,
                    f"`{text}` of an array of shape {value.shape}: over one column it is always 0",
                    line,
                    "compare the output with a threshold",
                )
        elif of_two and not value.squashed and isinstance(node, ast.Compare):
            yield one_logit_of_two(f"`{text}` compares", line)
        elif logits and not value.squashed:
            yield Finding(
                "threshold_on_logits",
                "root",
                0.88,
                f"the loss takes the outputs for logits; `{text}` takes them for probabilities",
                line,
                "compare logits with 0, or apply the sigmoid first",
            )


def read_cuts(step: Training, reading: "Reading") -> set[float | None]:
    """Return the same as `contracts.learners_cut` where predictions are computed in numpy."""
    halves = {0.0 for node in reading.events if isinstance(node, ast.Call)}  # rounded, or the larger of two
    return halves | {
        None if cut is None else log_odds_of(cut, value.squashed or step.gives_probabilities)
        for value, cut in reading.cuts
    }


class Reading:
    """Follows an evaluation's output from where it leaves PyTorch through the learner's assignments and functions."""

    def __init__(self, evaluations: list[Evaluation]) -> None:
        self.file = ""
        self.exits: dict[tuple[int, str], list[_Value]] = {}  # by line and name
        self.variables: _Names = _same([one.forward.numbers for one in evaluations])
        self.shapes: dict[str, set[tuple[int, ...]]] = {}  # of all variables of a name
        for evaluation in evaluations:
            self._note_exits(evaluation)
            for name, value in (pair for group in evaluation.forward.variables for pair in group.items()):
                if not isinstance(self.variables.get(name), _Value):
                    self.variables[name] = _Value(tuple(value.shape), False, False)
                self.shapes.setdefault(name, set()).add(tuple(value.shape))
        self.stack = list(dict.fromkeys(place for one in evaluations for place in one.forward.stack))
        self.attributes: _Names = {}
        self.left: dict[ast.AST, _Value] = {}  # the values with which calls left PyTorch
        self.running: list[ast.FunctionDef] = []
        self.entered: list[ast.FunctionDef] = []
        self.events: dict[ast.expr, tuple[_Value, _Value | None]] = {}  # comparisons, roundings and argmax of outputs
        self.cuts: list[tuple[_Value, float | None]] = []  # what outputs are compared with
        lines = [line for (line, _), values in self.exits.items() if any(value.output for value in values)]
        tree = parsed("".join(linecache.getlines(self.file))) if lines else None
        if tree is not None:
            self._read(tree, lines)

    def _note_exits(self, evaluation: Evaluation) -> None:
        made = {id(tensor) for call in evaluation.calls for tensor in call.results}
        made |= {id(tensor) for tensor in leaves(evaluation.forward.output)}
        for call in evaluation.beside:
            if call.name in _EXITS and call.tensors:
                tensor = call.tensors[0]
                file, _, line = call.where.rpartition(":")
                names = {each.name for each in leading_to(evaluation.calls, tensor)} if id(tensor) in made else set()
                mine = id(tensor) in made and not LOSSES.keys() & names
                self.file = file if mine or not self.file else self.file
                squashed = mine and bool(_NO_LOGITS & names) and within_unit(tensor)
                value = _Value(() if call.name == "item" else tuple(tensor.shape), squashed, mine)
                self.exits.setdefault((int(line or 0), call.name), []).append(value)

    def _read(self, tree: ast.Module, lines: list[int]) -> None:
        """Note comparisons with 0.5, roundings and argmax of the output, and its comparisons with other arrays.

        lines: where outputs leave PyTorch.
        """
        self.fields = _fields(tree)
        scopes: list[tuple[_Scope, list[_Scope]]] = [(tree, []), *_with_scopes(tree, [])]

        def innermost(line: int) -> tuple[_Scope, list[_Scope]]:
            return next(each for each in reversed(scopes) if isinstance(each[0], ast.Module) or _holds(each[0], line))

        on_the_way = [innermost(line) for file, line in self.stack if file == self.file]
        self.reaching = {scope.name for scope, _ in on_the_way if isinstance(scope, ast.FunctionDef)}
        given = _constants(tree) | self.variables
        for scope, around in on_the_way:
            self._run(scope, _defaults(scope) | given, around)
        followed = [*self.entered, *(scope for scope, _ in on_the_way)]
        for scope, around in map(innermost, lines):
            if scope not in followed:  # outputs leave PyTorch in it, but who calls it is not to be seen
                self._run(scope, _constants(tree) | _defaults(scope), around)

    def _run(self, scope: _Scope, names: _Names, around: list[_Scope]) -> _Known:
        """Follow the statements of a function or a module and return what is known of what it returns.

        names: what is known of its variables. around: the scopes that it stands in.
        """
        names, inside, returned = dict(names), [*around, scope], None
        for statement in _flat(scope.body, names):
            nodes = {name: node for name, node in ast.iter_fields(statement) if isinstance(node, ast.expr)}
            self._match(list(nodes.values()))
            values = {name: self._value(node, names, inside) for name, node in nodes.items()}
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self._assign(target, values["value"], names)
            elif isinstance(statement, ast.AugAssign):
                changed = values["target"] if isinstance(values["target"], _Value) else values["value"]
                self._assign(statement.target, changed if isinstance(changed, _Value) else None, names)
            elif isinstance(statement, ast.AnnAssign):
                self._assign(statement.target, values.get("value"), names)
            elif isinstance(statement, ast.For):
                self._assign(statement.target, _element(values["iter"]), names)
            elif isinstance(statement, ast.Return):
                returned = returned or values.get("value")
        return returned

    def _inside(self, function: ast.FunctionDef, names: _Names, around: list[_Scope]) -> _Known:
        """Follow a call of one of the learner's functions, unless calls are deep or go round in circles."""
        if function in self.running or len(self.running) > 3:
            return None
        self.running.append(function)
        self.entered.append(function)
        try:
            return self._run(function, names, around)
        finally:
            self.running.pop()

    def _assign(self, target: ast.expr, value: _Known, names: _Names) -> None:
        if isinstance(target, ast.Tuple):
            parts = value if isinstance(value, tuple) and len(value) == len(target.elts) else [None] * len(target.elts)
            for each, part in zip(target.elts, parts, strict=True):
                self._assign(each, part, names)
        elif isinstance(target, ast.Name):
            seen = self.variables.get(target.id) if len(self.shapes.get(target.id, ())) == 1 else None
            names[target.id] = value if value is not None else seen
        elif isinstance(target, ast.Attribute | ast.Subscript):
            names.pop(ast.unparse(target), None)
            if isinstance(target, ast.Attribute):
                self.attributes[ast.unparse(target)] = value

    def _match(self, expressions: list[ast.expr]) -> None:
        """Tell which calls in a statement gave which array: they run in the order in which they end."""
        inside = [node for each in expressions for node in ast.walk(each) if isinstance(node, ast.Call)]
        inside.sort(key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))
        for kind in _EXITS:
            nodes = [node for node in inside if _name(node.func).removeprefix("as") == kind]
            lines = sorted(
                {line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
            )
            values = [value for line in lines for value in self.exits.get((line, kind), [])]
            self.left |= dict(zip(nodes, values, strict=False))

    def _value(self, node: ast.expr, names: _Names, inside: list[_Scope]) -> _Known:
        """Return what is known of an expression's value, and note what happens to the output in it."""
        if isinstance(node, ast.Constant):
            return _number(node)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and ast.unparse(node) in names:
            return names[ast.unparse(node)]
        if isinstance(node, ast.Attribute) and (ast.unparse(node) in self.attributes or node.attr in self.fields):
            return self.attributes.get(ast.unparse(node), self.fields.get(node.attr))
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            names = dict(names)
            for part in node.generators:
                self._assign(part.target, _element(self._value(part.iter, names, inside)), names)
            return _listed(self._value(node.elt, names, inside))
        if isinstance(node, ast.Call):
            return self._called(node, names, inside)
        if isinstance(node, ast.IfExp) and (skipped := _skipped(node.test, names)):
            return self._value(getattr(node, "orelse" if skipped == "body" else "body"), names, inside)
        if isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
            return dict(zip(keys, (self._value(value, names, inside) for value in node.values), strict=True))
        parts = [
            self._value(child, names, inside) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)
        ]
        if isinstance(node, ast.Tuple):
            return tuple(parts)
        if isinstance(node, ast.Subscript):
            return _picked(parts[0], node.slice)
        if isinstance(node, ast.Compare) and len(parts) == 2:
            self._compare(node, *parts)
        known = _first(parts)
        if isinstance(node, ast.List):
            return _listed(known)
        decided = isinstance(node, ast.Compare | ast.BoolOp | ast.IfExp)
        return replace(known, squashed=True) if known is not None and decided else known

    def _compare(self, node: ast.Compare, left: _Known, right: _Known) -> None:
        for value, other in ((left, right), (right, left)):
            if not isinstance(value, _Value) or not value.output:
                continue
            cuts = isinstance(other, float) or (value.shape and not (isinstance(other, _Value) and other.shape))
            if cuts and isinstance(node.ops[0], ast.Gt | ast.GtE | ast.Lt | ast.LtE):
                self.cuts.append((value, other if isinstance(other, float) else None))
            if other == 0.5 and isinstance(node.ops[0], ast.Gt | ast.GtE | ast.Lt | ast.LtE):
                self.events[node] = value, None
            elif isinstance(other, _Value) and not other.output and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                self.events[node] = value, other

    def _called(self, node: ast.Call, names: _Names, inside: list[_Scope]) -> _Known:
        name, method = _name(node.func), isinstance(node.func, ast.Attribute)
        owner = self._value(node.func.value, names, inside) if isinstance(node.func, ast.Attribute) else None
        given = [self._value(argument, names, inside) for argument in node.args]
        named = {each.arg: self._value(each.value, names, inside) for each in node.keywords if each.arg}
        if node in self.left:
            return self.left[node]
        if name in ("append", "extend") and given and isinstance(node.func, ast.Attribute):
            held = self.attributes if isinstance(node.func.value, ast.Attribute) else names
            target = ast.unparse(node.func.value)
            held[target] = held.get(target) or (_listed(given[0]) if name == "append" else given[0])
            return None
        outputs = _first([*given, *named.values()])
        if name in self.reaching or (outputs is not None and outputs.output):
            for number, scope in reversed(list(enumerate(inside))):
                function = next((each for each in _functions(scope) if each.name == name), None)
                if function is not None:
                    return self._inside(function, names | _bound(function, method, given, named), inside[: number + 1])
        value = owner if isinstance(owner, _Value) else _first(given[:1])
        if name in ("zip", "enumerate"):
            return tuple(given) if name == "zip" else (None, *given)
        if value is None:
            return None
        rest = given if isinstance(owner, _Value) else given[1:]
        if name == "argmax" or (name in _ROUNDS and not rest):
            if value.output:
                self.events[node] = value, None
            return replace(value, squashed=True, shape=value.shape[:1] if name == "argmax" else value.shape)
        if name == "reshape" and rest[-2:] == [None, 1.0]:
            return replace(value, shape=(*value.shape[:1], 1))
        if name in _FLATTENS:
            return replace(value, shape=value.shape[:1])
        if name in _SQUASHES:
            return replace(value, squashed=True)
        return value if name in _CARRIES | _ROUNDS else None


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _holds(function: ast.FunctionDef, line: int) -> bool:
    return function.lineno <= line <= (function.end_lineno or 0)


def _functions(scope: _Scope) -> Iterator[ast.FunctionDef]:
    """Yield the functions and the methods that are defined in a scope, not in those inside it."""
    for statement in _flat(scope.body):
        if isinstance(statement, ast.FunctionDef):
            yield statement
        elif isinstance(statement, ast.ClassDef):
            yield from (each for each in statement.body if isinstance(each, ast.FunctionDef))


def _with_scopes(scope: _Scope, around: list[_Scope]) -> Iterator[tuple[ast.FunctionDef, list[_Scope]]]:
    """Yield all functions inside a scope with the scopes that each stands in."""
    for function in _functions(scope):
        yield function, [*around, scope]
        yield from _with_scopes(function, [*around, scope])


def _defaults(function: _Scope) -> _Names:
    """Return the numbers that a function's arguments have unless others are given."""
    if isinstance(function, ast.Module):
        return {}
    arguments, values = function.args.args, function.args.defaults
    pairs = [*zip(arguments[len(arguments) - len(values) :], values, strict=True)]
    pairs += [(a, v) for a, v in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if v is not None]
    return {argument.arg: _number(value) for argument, value in pairs}


def _constants(tree: ast.Module) -> _Names:
    """Return the numbers that are given to names in a module."""
    assigned = [each for each in tree.body if isinstance(each, ast.Assign)]
    return {ast.unparse(target): _number(each.value) for each in assigned for target in each.targets}


def _fields(tree: ast.Module) -> _Names:
    """Return the numbers that are given to names in the body of a class, as in a dataclass of settings."""
    bodies = [each for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for each in node.body]
    return {each.target.id: _number(each.value) for each in bodies
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)}  # fmt: skip


def _number(node: ast.expr | None) -> float | None:
    """Return the value of a number that is written out."""
    value = node.value if isinstance(node, ast.Constant) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _bound(function: ast.FunctionDef, as_method: bool, given: list[_Known], named: _Names) -> _Names:
    """Return what is known of a function's arguments in a call."""
    names = [argument.arg for argument in function.args.args]
    names = names[1:] if as_method and names[:1] in (["self"], ["cls"]) else names
    return _defaults(function) | dict(zip(names, given, strict=False)) | named


def _first(parts: list[_Known]) -> _Value | None:
    """Return the first of these that comes from the model, else the first array."""
    arrays = [part for part in parts if isinstance(part, _Value)]
    return next((array for array in arrays if array.output), arrays[0] if arrays else None)


def _listed(value: _Known) -> _Known:
    """Return a list of such values; arrays in a list are taken for the parts of one."""
    return replace(value, shape=(-1,)) if isinstance(value, _Value) and not value.shape else value


def _element(value: _Known) -> _Known:
    """Return what a loop over the value gives."""
    if isinstance(value, tuple):
        return tuple(map(_element, value))
    return replace(value, shape=value.shape[1:]) if isinstance(value, _Value) else None


def _picked(value: _Known, index: ast.expr) -> _Known:
    if isinstance(value, dict):
        return value.get(index.value) if isinstance(index, ast.Constant) else None
    if isinstance(value, tuple):
        fits = isinstance(index, ast.Constant) and isinstance(index.value, int) and index.value < len(value)
        return value[index.value] if fits else None  # type: ignore[attr-defined]
    if not isinstance(value, _Value):
        return None
    shape: list[int] = []
    left = list(value.shape)
    for part in index.elts if isinstance(index, ast.Tuple) else [index]:
        if _name(part) == "newaxis" or (isinstance(part, ast.Constant) and part.value is None):
            shape.append(1)
        elif isinstance(part, ast.Constant) and part.value is ...:
            shape, left = shape + left[:-1], left[-1:]
        elif left:
            first = left.pop(0)
            shape += [] if isinstance(part, ast.Constant | ast.UnaryOp) and not _is_mask(part) else [first]
    return replace(value, shape=(*shape, *left))


def _is_mask(index: ast.expr) -> bool:
    return isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.Invert)


def _flat(body: list[ast.stmt], names: _Names | None = None) -> Iterator[ast.stmt]:
    """Yield statements, each before those inside it; not those of functions and classes.

    names: what is known of variables when a statement is reached, to leave out what is done only for want of a number.
    """
    for statement in body:
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            skipped = _skipped(statement.test, names or {}) if isinstance(statement, ast.If) else ""
            for name in ("body", "orelse", "finalbody"):
                if name != skipped:
                    yield from _flat(getattr(statement, name, []), names)


def _skipped(test: ast.expr, names: _Names) -> str:
    """Return which branch, "body" or "orelse", is not taken where a test asks whether a known number is None; "" if it
    asks something else."""
    if not isinstance(test, ast.Compare) or not isinstance(names.get(ast.unparse(test.left)), float):
        return ""
    asks_none = isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
    branches = {ast.Is: "body", ast.IsNot: "orelse"}
    return branches.get(type(test.ops[0]), "") if asks_none else ""


def _same(numbers: list[dict[str, float]]) -> _Names:
    """Return the numbers that are the same wherever a name has one."""
    values: dict[str, set[float]] = {}
    for name, number in (pair for group in numbers for pair in group.items()):
        values.setdefault(name, set()).add(number)
    return {name: found.pop() for name, found in values.items() if len(found) == 1}
