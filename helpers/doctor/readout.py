"""What the learner's own lines do with the output after it has left PyTorch: read from their source."""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass, replace

from helpers.doctor.anatomy import Evaluation, Training
from helpers.doctor.findings import Finding
from helpers.doctor.tape import leaves

_EXITS = {"numpy", "tolist"}
_FLATTENS = {"ravel", "flatten", "squeeze", "reshape"}
_SQUASHES = {"sigmoid", "expit", "softmax", "exp"}
_ROUNDS = {"round", "rint", "around"}


@dataclass(frozen=True)
class _Value:
    """What is known of an array: its shape, whether a sigmoid was applied, and the line it comes from."""

    shape: tuple[int, ...]
    squashed: bool
    output: bool


def read_predictions(step: Training, evaluations: list[Evaluation]) -> Iterator[Finding]:
    """What the prediction promises, where it is computed in numpy: as `contracts.prediction_contract` for PyTorch."""
    gives_logits = step.loss is not None and not step.gives_probabilities and step.columns == 1
    gives_logits = gives_logits and step.loss is not None and step.loss.name == "binary_cross_entropy_with_logits"
    for evaluation in evaluations[:3]:
        reader = _Reader(step, evaluation)
        for node, value, other in reader.events():
            line = f"{reader.file}:{node.lineno}"
            text = ast.unparse(node)[:80]
            if other is not None:
                rows = max(value.shape[:1] + other.shape[:1])
                if rows > 1 and sorted([value.shape, other.shape], key=len) == [(rows,), (rows, 1)]:
                    yield Finding(
                        "accuracy_broadcast",
                        "root",
                        0.93,
                        f"`{text}` compares arrays of shapes {value.shape} and {other.shape}: {rows} × {rows} pairs",
                        line,
                        "give both the same shape: .ravel()",
                    )
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "argmax":
                if len(value.shape) == 2 and value.shape[1] == 1:
                    yield Finding(
                        "argmax_single_output",
                        "root",
                        0.93,
                        f"`{text}` of an array of shape {value.shape}: over one column it is always 0",
                        line,
                        "compare the output with a threshold",
                    )
            elif gives_logits and not value.squashed:
                yield Finding(
                    "threshold_on_logits",
                    "root",
                    0.88,
                    f"the loss takes the outputs for logits; `{text}` takes them for probabilities",
                    line,
                    "compare logits with 0, or apply the sigmoid first",
                )


class _Reader:
    """Follows an evaluation's output through the assignments of the function in which it left PyTorch."""

    def __init__(self, step: Training, evaluation: Evaluation) -> None:
        self.file = ""
        self.known: dict[str, _Value] = {}
        self.left: dict[ast.AST, _Value] = {}  # the values with which a call of .numpy() left PyTorch
        made = {id(tensor) for call in evaluation.calls for tensor in call.results}
        made |= {id(tensor) for tensor in leaves(evaluation.forward.output)}
        squashed = bool({"sigmoid", "softmax"} & {call.name for call in evaluation.calls})
        self.exits: dict[int, list[_Value]] = {}
        for call in evaluation.beside:
            if call.name in _EXITS and call.tensors:
                tensor = call.tensors[0]
                file, _, line = call.where.rpartition(":")
                mine = id(tensor) in made
                self.file = file if mine or not self.file else self.file
                value = _Value(tuple(tensor.shape), squashed and mine, mine)
                self.exits.setdefault(int(line or 0), []).append(value)
        for name, value in evaluation.forward.variables.items():
            self.known[name] = _Value(tuple(value.shape), False, False)

    def events(self) -> Iterator[tuple[ast.expr, _Value, _Value | None]]:
        """Yield comparisons with 0.5, roundings and argmax of the output, and its comparisons with other arrays."""
        if not any(value.output for values in self.exits.values() for value in values):
            return
        try:
            tree = ast.parse("".join(linecache.getlines(self.file)))
        except SyntaxError:
            return
        lines = [line for line, values in self.exits.items() if any(value.output for value in values)]
        for statement in _statements(tree, min(lines)):
            self._match(statement)
            for node in ast.walk(statement):
                yield from self._event(node)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                value = self._value(statement.value)
                if value is not None:
                    self.known[statement.targets[0].id] = value

    def _match(self, statement: ast.stmt) -> None:
        """Tell which of a statement's calls of .numpy() gave which array: they run in the order in which they end."""
        nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Call) and _name(node.func) in _EXITS]
        nodes.sort(key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))
        lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
        values = [value for line in lines for value in self.exits.get(line, [])]
        self.left |= dict(zip(nodes, values, strict=False))

    def _event(self, node: ast.AST) -> Iterator[tuple[ast.expr, _Value, _Value | None]]:
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            left, right = self._value(node.left), self._value(node.comparators[0])
            constant = node.comparators[0]
            if left is not None and left.output and isinstance(constant, ast.Constant) and constant.value == 0.5:
                yield node, left, None
            elif left and right and (left.output or right.output) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                yield node, left, right
        elif isinstance(node, ast.Call):
            name = _name(node.func)
            given = self._value(node.func.value) if isinstance(node.func, ast.Attribute) else None
            given = given or (self._value(node.args[0]) if node.args else None)
            if given is not None and given.output and name in _ROUNDS | {"argmax"}:
                yield node, given, None

    def _value(self, node: ast.AST) -> _Value | None:
        """Return what is known of an expression's value, or None."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id)
        if isinstance(node, ast.Call):
            return self._called(node)
        if isinstance(node, ast.Subscript):
            value = self._value(node.value)
            one_column = isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2
            return value and (replace(value, shape=value.shape[:1]) if one_column else value)
        if isinstance(node, ast.BinOp | ast.Compare | ast.UnaryOp):
            inside = [value for child in ast.iter_child_nodes(node) if (value := self._value(child)) is not None]
            return next((value for value in inside if value.output), inside[0] if inside else None)
        return None

    def _called(self, node: ast.Call) -> _Value | None:
        if node in self.left:
            return self.left[node]
        name = _name(node.func)
        value = self._value(node.func.value) if isinstance(node.func, ast.Attribute) else None
        value = value or (self._value(node.args[0]) if node.args else None)
        if value is None:
            return None
        if name in _FLATTENS:
            return replace(value, shape=value.shape[:1])
        if name in _SQUASHES:
            return replace(value, squashed=True)
        return value if name in {"astype", "copy", "asarray", "array", "where", "clip"} | _ROUNDS else None


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _statements(tree: ast.Module, line: int) -> Iterator[ast.stmt]:
    """Yield the statements, one after the other, of the innermost function around a line, or of the module."""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    yield from _flat(max(around, key=lambda node: node.lineno).body if around else tree.body)


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        inner = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
        if any(inner) and not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            for part in inner:
                yield from _flat(part)
        else:
            yield statement
