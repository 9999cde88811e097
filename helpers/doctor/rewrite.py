"""The learner's line with the fix in it, for causes in which that is a matter of text and certain enough to show."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from torch import optim

from helpers.doctor.findings import Finding
from helpers.doctor.source import Source, parsed

_MODULES = {"torch", "F", "nn", "functional", "special", "self"}  # before a dot, none of them is a tensor
_PRIMARY = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.Tuple, ast.List)
Edit = tuple[int, int, str]  # from byte, to byte, what to write there


@dataclass(frozen=True)
class Change:
    """A statement of the learner's, by the numbers of its lines, and the lines to write instead."""

    source: Source
    lines: range
    new: list[str]


def change(finding: Finding) -> Change | None:
    """Return the fix as a change of the finding's own line, or of the one line of its file that it must mean."""
    source = Source.of(finding.where)
    if source is None:
        return None
    candidates = []
    if finding.cause not in ("train_mode_missing", "unshuffled_data"):
        candidates = [(source, rewritten(finding, source.text))]
    if not any(new for _, new in candidates) and finding.cause in _ELSEWHERE:
        for scope in _scopes(source):
            places = [source.at(node.lineno) for node in _ELSEWHERE[finding.cause](scope, source)]
            places = [place for place in places if place.statement.start == place.number]
            candidates = [(place, rewritten(finding, place.text)) for place in places]
            if any(new for _, new in candidates):
                break
    found = [(place, new) for place, new in candidates if new]
    if len(found) != 1:
        return None
    place, new = found[0]
    lines = place.statement
    after = [*place.lines[: lines.start - 1], *new, *place.lines[lines.stop - 1 :]]
    if place.tree is not None and parsed("\n".join(after)) is None:
        return None
    return Change(place, lines, new)


def rewritten(finding: Finding, line: str) -> list[str] | None:
    """Return a line of code, or the lines of a whole statement, with the fix; None if text alone can't give it."""
    edit = _EDITORS.get(finding.cause)
    statement = _Statement(line, finding)
    if edit is None or statement.tree is None:
        return None
    edits = edit(statement)
    if not edits:
        return None
    new = line.encode()
    for start, end, text in sorted(edits, reverse=True):
        new = new[:start] + text.encode() + new[end:]
    written = new.decode()
    return written.split("\n") if written != line and _Statement(written, finding).tree is not None else None


class _Statement:
    """The text of a statement or of the head of one, and its syntax."""

    def __init__(self, text: str, finding: Finding) -> None:
        self.text, self.finding = text, finding
        self.indent = text[: len(text) - len(text.lstrip())]
        self.tree = self._parse()
        self.is_head = bool(self.tree) and parsed(f"if 1:\n{self.indent or ' '}pass\n{self._body}") is None

    @property
    def _body(self) -> str:
        return self.text if self.indent else "\n".join(" " + line for line in self.text.split("\n"))

    def _parse(self) -> ast.AST | None:
        opened = "if 1:\n" if self.indent else ""
        return parsed(opened + self.text) or parsed(f"{opened}{self.text}\n{self.indent} pass")

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes, those of the frame that lets it be parsed among them."""
        return list(ast.walk(self.tree)) if self.tree is not None else []

    @property
    def calls(self) -> list[ast.Call]:
        """All calls."""
        return [node for node in self.nodes if isinstance(node, ast.Call)]

    @cached_property
    def scopes(self) -> list[ast.AST]:
        """The function that the finding is in, then its file, as far as known, else the statement alone."""
        source = Source.of(self.finding.where)
        return (_scopes(source) if source is not None else []) or ([self.tree] if self.tree is not None else [])

    def span(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Return the first byte of a node, and the first after it."""
        starts = [0]
        for line in self.text.encode().split(b"\n"):
            starts.append(starts[-1] + len(line) + 1)
        shift = 2 if self.indent else 1
        return (
            starts[node.lineno - shift] + node.col_offset,
            starts[(node.end_lineno or node.lineno) - shift] + (node.end_col_offset or 0),
        )

    def source(self, node: ast.expr | ast.keyword) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.text.encode()[start:end].decode()

    def replace(self, node: ast.expr | ast.keyword, text: str) -> Edit:
        """Write this instead of a node."""
        return (*self.span(node), text)

    def unwrap(self, node: ast.expr, inner: ast.expr) -> Edit:
        """Write a part of a node instead of the node."""
        text = self.source(inner)
        return self.replace(node, text if isinstance(inner, _PRIMARY) else f"({text})")

    def append(self, node: ast.expr, suffix: str) -> list[Edit]:
        """Call a method of a node's value."""
        start, end = self.span(node)
        if isinstance(node, _PRIMARY):
            return [(end, end, suffix)]
        around = self.text.encode()[start - 1 : start] + self.text.encode()[end : end + 1]
        if around == b"()":
            return [(end + 1, end + 1, suffix)]
        return [(start, start, "("), (end, end, ")" + suffix)]

    def before(self, line: str) -> Edit:
        """Insert a line before."""
        return (0, 0, f"{self.indent}{line}\n")

    def after(self, line: str) -> Edit:
        """Insert a line after."""
        end = len(self.text.encode())
        return (end, end, f"\n{self.indent}{line}")


# ------------------------------------------------------------ small questions about syntax


def _name(node: ast.AST) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _first(node: ast.AST) -> str:
    """The first part of a dotted name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _operand(call: ast.Call, *names: str) -> ast.expr | None:
    """What a call of one of these functions, or of the method of that name, is applied to."""
    if _name(call.func) not in names:
        return None
    if isinstance(call.func, ast.Attribute) and (_first(call.func) not in _MODULES or not call.args):
        return call.func.value
    return call.args[0] if call.args else None


def _arguments(call: ast.Call) -> list[ast.expr]:
    """The arguments of a function, or of a method beside its object."""
    method = isinstance(call.func, ast.Attribute) and _first(call.func) not in _MODULES
    return call.args if method else call.args[1:]


def _number(node: ast.AST | None) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    value = node.value if isinstance(node, ast.Constant) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _only(edits: list[Edit]) -> list[Edit]:
    return edits if len(edits) == 1 else []


def _scopes(source: Source) -> list[ast.AST]:
    """The outermost function around a line, if there is one, then the file."""
    if source.tree is None:
        return []
    around = [
        node
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and node.lineno <= source.number <= (node.end_lineno or 0)
    ]
    return [*around, source.tree]


def _called(scopes: list[ast.AST], *methods: str) -> list[str]:
    """The names whose methods of this name are called, in the first scope in which there are any."""
    for scope in scopes:
        found = {
            node.func.value.id
            for node in ast.walk(scope)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in methods
            and isinstance(node.func.value, ast.Name)
        }
        if found - {"self"}:
            return sorted(found - {"self"})
    return []


def _optimizer(scopes: list[ast.AST], method: str) -> str | None:
    """The name of the one optimizer, as its calls of this method and its making tell."""
    made: set[str] = set()
    others: set[str] = set()
    for scope in scopes:
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                kind = getattr(optim, _name(node.value.func), None)
                is_optimizer = isinstance(kind, type) and issubclass(kind, optim.Optimizer)
                (made if is_optimizer else others).update(map(_name, node.targets))
        if made:
            break
    called = [name for name in _called(scopes, method) if name not in others and "sched" not in name.lower()]
    found = sorted(made & set(called)) or called or sorted(made)
    return found[0] if len(found) == 1 else None


def _models(scopes: list[ast.AST]) -> list[str]:
    """The names that the code treats as models."""
    return _called(scopes, "parameters") or _called(scopes, "train", "eval")


# ------------------------------------------------------------ the fixes


def _threshold(line: _Statement) -> list[Edit]:
    edits = []
    for node in line.nodes:
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            sides = [node.left, node.comparators[0]]
            edits += [line.replace(side, "0") for side in sides if _number(side) == 0.5]
        elif isinstance(node, ast.Call) and _name(node.func) in ("gt", "ge", "lt", "le", "greater", "less"):
            edits += [line.replace(side, "0") for side in node.args if _number(side) == 0.5]
        elif isinstance(node, ast.Call) and len(node.args) < 2 and not node.keywords:
            rounded = _operand(node, "round")
            if rounded is not None:
                edits.append(line.replace(node, f"({line.source(rounded)} > 0).float()"))
    squashed = any(word in line.text for word in ("sigmoid", "softmax", "expit"))
    return [] if squashed else _only(edits)


def _without_last_layer(line: _Statement, *kinds: str) -> list[Edit]:
    """Take the last layer out of a Sequential."""
    edits = []
    for call in line.calls:
        layers = call.args if _name(call.func) == "Sequential" else []
        if len(layers) == 1 and isinstance(layers[0], ast.Starred) and isinstance(layers[0].value, ast.List):
            layers = layers[0].value.elts
        if len(layers) < 2 or not isinstance(layers[-1], ast.Call) or _name(layers[-1].func) not in kinds:
            continue
        start, end = line.span(layers[-1])
        text = line.text.encode()
        begin, stop = text.rfind(b"\n", 0, start) + 1, text.find(b"\n", end)
        if stop >= 0 and re.fullmatch(rb"\s*%s\s*,?\s*(#.*)?" % re.escape(text[start:end]), text[begin:stop]):
            edits.append((begin, stop + 1, ""))  # it has its lines for itself
        else:
            edits.append((line.span(layers[-2])[1], end, ""))
    return _only(edits)


def _without_call(line: _Statement, *names: str) -> list[Edit]:
    """Leave what a function is applied to, without the function."""
    found = [(call, _operand(call, *names)) for call in line.calls]
    return _only([line.unwrap(call, inner) for call, inner in found if inner is not None])


def _renamed(line: _Statement, names: dict[str, str]) -> list[Edit]:
    edits = []
    for call in line.calls:
        new = names.get(_name(call.func))
        if new is not None and not any(keyword.arg == "pos_weight" for keyword in call.keywords):
            end = line.span(call.func)[1]
            edits.append((end - len(_name(call.func)), end, new))
    return _only(edits)


_FROM_LOGITS = {"BCEWithLogitsLoss": "BCELoss", "binary_cross_entropy_with_logits": "binary_cross_entropy"}
_TO_LOGITS = {old: new for new, old in _FROM_LOGITS.items()}


def _double_sigmoid(line: _Statement) -> list[Edit]:
    return (
        _without_last_layer(line, "Sigmoid")
        or _without_call(line, "sigmoid", "expit")
        or ([] if "sigmoid" in line.text.lower() else _renamed(line, _FROM_LOGITS))
    )


def _bce_on_logits(line: _Statement) -> list[Edit]:
    # outputs that are cut off at 0 and 1 are no logits any more
    return [] if "cuts them off" in line.finding.evidence else _renamed(line, _TO_LOGITS)


def _relu_on_output(line: _Statement) -> list[Edit]:
    return _without_last_layer(line, "ReLU", "ReLU6") or _without_call(line, "relu", "relu6", "relu_")


def _detached(line: _Statement) -> list[Edit]:
    edits = []
    for node in line.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "detach":
            edits.append((line.span(node.func.value)[1], line.span(node)[1], ""))
        elif isinstance(node, ast.Attribute) and node.attr == "data" and _first(node) not in ("self", "torch"):
            edits.append((line.span(node.value)[1], line.span(node)[1], ""))
    # the text between may hold a closing bracket of the value
    text = line.text.encode()
    return [(start + text[start:end].index(b"."), end, new) for start, end, new in edits]


def _rounded(line: _Statement) -> list[Edit]:
    found = [(call, _operand(call, "round")) for call in line.calls if len(call.args) < 2 and not call.keywords]
    edits = [line.unwrap(call, inner) for call, inner in found if inner is not None]
    for call in line.calls:  # (x > 0.5).float()
        value = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr == "float" else None
        if isinstance(value, ast.Compare) and len(value.ops) == 1 and _number(value.comparators[0]) is not None:
            edits.append(line.unwrap(call, value.left))
    return _only(edits)


def _shapes(evidence: str) -> list[int]:
    """How many dimensions each shape of a finding's evidence has, those of the form [rows] and [rows, 1] alone."""
    found = re.findall(r"(?:Size\(\[|\()\d+(, ?1)?,?(?:\]\)|\))", evidence)
    return [2 if column else 1 for column in found]


def _loss_broadcast(line: _Statement) -> list[Edit]:
    shapes = _shapes(line.finding.evidence)[:2]
    pairs = [call for call in line.calls if len(call.args) == 2 and not call.keywords]
    pairs = [call for call in pairs if all(_number(value) is None for value in call.args)]
    if sorted(shapes) != [1, 2] or len(pairs) != 1 or _first(pairs[0].func) == "self":
        return []
    targets = pairs[0].args[1]
    if "size" in line.finding.evidence:  # PyTorch's messages name the targets first
        shapes.reverse()
    if shapes == [2, 1]:
        return line.append(targets, ".unsqueeze(1)")
    added = _operand(targets, "unsqueeze") if isinstance(targets, ast.Call) else None
    return [line.unwrap(targets, added)] if added is not None else line.append(targets, ".squeeze(1)")


def _accuracy_broadcast(line: _Statement) -> list[Edit]:
    shapes = _shapes(line.finding.evidence)[:2]
    pairs = [
        (node.left, node.comparators[0])
        for node in line.nodes
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq)
    ]
    for call in line.calls:
        left = _operand(call, "eq", "ne", "equal")
        right = _arguments(call)[:1]
        pairs += [(left, right[0])] if left is not None and right else []
    pairs = [pair for pair in pairs if all(_number(side) is None for side in pair)]
    if sorted(shapes) != [1, 2] or len(pairs) != 1:
        return []
    return line.append(pairs[0][shapes.index(2)], ".squeeze(1)")


def _argmax(line: _Statement) -> list[Edit]:
    code = "".join(ast.unparse(scope) for scope in line.scopes[:1])
    logits, probabilities = "ith_logits" in code or "WithLogits" in code, "BCELoss" in code
    if logits == probabilities:
        return []

    def compared(call: ast.AST, name: str) -> str:
        output = _operand(call, name) if isinstance(call, ast.Call) else None
        if not isinstance(call, ast.Call) or not isinstance(output, _PRIMARY):
            return ""
        dimensions = [_number(value) for value in _arguments(call)]
        dimensions += [_number(keyword.value) for keyword in call.keywords if keyword.arg in ("dim", "axis")]
        cut = "0" if logits else "0.5"
        return f"({line.source(output)}.squeeze(1) > {cut}).long()" if dimensions in ([1], [-1]) else ""

    edits: list[tuple[ast.expr, str]] = []
    for node in line.nodes:
        part = isinstance(node, ast.Subscript) and _number(node.slice) == 1  # torch.max(output, 1)[1]
        part = part or (isinstance(node, ast.Attribute) and node.attr == "indices")
        if isinstance(node, ast.Call):
            edits.append((node, compared(node, "argmax")))
        elif part and isinstance(node, ast.Subscript | ast.Attribute):
            edits.append((node, compared(node.value, "max")))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):  # _, predicted = output.max(1)
            text, names = compared(node.value, "max"), node.targets[0].elts
            if text and len(names) == 2 and _name(names[0]) == "_":
                return [line.replace(node.targets[0], _name(names[1])), line.replace(node.value, text)]
    return _only([line.replace(node, text) for node, text in edits if text])


def _is_call_of(line: _Statement, method: str) -> bool:
    found = any(isinstance(call.func, ast.Attribute) and call.func.attr == method for call in line.calls)
    return found and not line.is_head


def _zero_grad(line: _Statement) -> list[Edit]:
    name = _optimizer(line.scopes, "step")
    return [line.before(f"{name}.zero_grad()")] if name and _is_call_of(line, "backward") else []


def _step(line: _Statement) -> list[Edit]:
    name = _optimizer(line.scopes, "zero_grad")
    return [line.after(f"{name}.step()")] if name and _is_call_of(line, "backward") else []


def _eval_mode(line: _Statement) -> list[Edit]:
    models = _models(line.scopes) or ["model"]
    used = [name for name in models if any(_name(call.func) == name for call in line.calls)]
    if len(models) == 1 and re.match(r"\s*with .*no_grad|\s*with .*inference_mode", line.text):
        used = models
    if len(used) != 1:
        return []
    edits = [line.before(f"{used[0]}.eval()")]
    if used[0] not in _called(line.scopes, "train"):
        if line.is_head or re.match(r"\s*return\b", line.text):
            return [] if line.indent else edits  # inside a loop, training would go on in eval mode
        edits.append(line.after(f"{used[0]}.train()"))
    return edits


def _train_mode(line: _Statement) -> list[Edit]:
    models = _models(line.scopes) or ["model"]
    return [line.before(f"{models[0]}.train()")] if len(models) == 1 else []


def _rate(line: _Statement) -> list[Edit]:
    new = re.search(r"rate near ([\d.e+-]+)", line.finding.fix)
    edits = []
    for call in line.calls:
        kind = getattr(optim, _name(call.func), None)
        if new is not None and isinstance(kind, type) and issubclass(kind, optim.Optimizer):
            edits += [line.replace(keyword.value, new[1]) for keyword in call.keywords if keyword.arg == "lr"]
            edits += [line.replace(value, new[1]) for value in call.args[1:2] if _number(value) is not None]
    return _only(edits)


def _shuffle(line: _Statement) -> list[Edit]:
    edits = []
    for call in () if "split" in line.finding.fix else line.calls:  # where the batches come in order, not the split
        if _name(call.func) == "DataLoader":
            given = {keyword.arg: keyword for keyword in call.keywords}
            if "shuffle" in given:
                old = given["shuffle"].value
                if isinstance(old, ast.Constant) and old.value is False:
                    edits.append(line.replace(old, "True"))
            elif not {"sampler", "batch_sampler", None} & set(given) and len(call.args) < 3:
                end = line.span(call)[1] - 1
                edits.append((end, end, ", shuffle=True"))
    return _only(edits)


def _functional_dropout(line: _Statement) -> list[Edit]:
    edits = []
    for call in line.calls:
        if _name(call.func).endswith("dropout") and _first(call.func) in ("F", "nn", "torch", "functional"):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            if "training" in given:
                edits.append(line.replace(given["training"], "self.training"))
            elif len(call.args) < 3:
                end = line.span(call)[1] - 1
                edits.append((end, end, ", training=self.training"))
    return edits if any(isinstance(node, ast.Name) and node.id == "self" for node in line.nodes) else []


def _softmax_axis(line: _Statement) -> list[Edit]:
    edits = []
    for call in line.calls:
        if _name(call.func).lower().replace("_", "") in ("softmax", "logsoftmax"):
            rows = [value for value in _arguments(call) if _number(value) == 0]
            rows += [k.value for k in call.keywords if k.arg in ("dim", "axis") and _number(k.value) == 0]
            edits += [line.replace(value, "1") for value in rows]
    return _only(edits)


_EDITORS: dict[str, Callable[[_Statement], list[Edit]]] = {
    "threshold_on_logits": _threshold,
    "double_sigmoid": _double_sigmoid,
    "softmax_before_ce": lambda line: _without_last_layer(line, "Softmax") or _without_call(line, "softmax"),
    "softmax_wrong_dim": _softmax_axis,
    "bce_on_logits": _bce_on_logits,
    "shape_broadcast": _loss_broadcast,
    "accuracy_broadcast": _accuracy_broadcast,
    "argmax_single_output": _argmax,
    "relu_on_output": _relu_on_output,
    "graph_detached": _detached,
    "nondifferentiable_output": _rounded,
    "no_zero_grad": _zero_grad,
    "no_optimizer_step": _step,
    "lr_too_high": _rate,
    "lr_too_low": _rate,
    "unshuffled_data": _shuffle,
    "eval_mode_missing": _eval_mode,
    "train_mode_missing": _train_mode,
    "functional_dropout": _functional_dropout,
}


# ------------------------------------------------------------ the line that a fix belongs to, if it is another


def _statements(scope: ast.AST, kind: type[ast.AST]) -> Iterator[ast.stmt]:
    """The statements that hold, in themselves and not in statements below, a node of this kind."""
    for node in ast.walk(scope):
        if isinstance(node, ast.stmt):
            parts = [part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.stmt)]
            if any(isinstance(inner, kind) for part in parts for inner in ast.walk(part)):
                yield node


def _layer_statements(scope: ast.AST, source: Source) -> Iterator[ast.stmt]:
    """Where the Sequential was made that the finding's line calls."""
    line = parsed(source.text.strip())
    called = {_name(node.func) for node in ast.walk(line) if isinstance(node, ast.Call)} if line is not None else set()
    for node in _statements(scope, ast.Call):
        assigned = isinstance(node, ast.Assign) and bool(called & set(map(_name, node.targets)))
        returned = isinstance(node, ast.Return) and "self." not in source.text
        if (assigned or returned) and "Sequential(" in ast.unparse(node):
            yield node


def _loss_statements(scope: ast.AST, source: Source) -> Iterator[ast.stmt]:
    return (node for node in _statements(scope, ast.Call) if re.search(r"\b\w+Loss\(", ast.unparse(node)))


def _optimizer_statements(scope: ast.AST, source: Source) -> Iterator[ast.stmt]:
    return (node for node in _statements(scope, ast.Call) if isinstance(node, ast.Assign | ast.AnnAssign))


def _training_loader(scope: ast.AST, source: Source) -> Iterator[ast.stmt]:
    """Where the loader was made that the loop around backward() goes through."""
    loops = [node for node in ast.walk(scope) if isinstance(node, ast.For) and ".backward(" in ast.unparse(node)]
    names = {inner.id for loop in loops for inner in ast.walk(loop.iter) if isinstance(inner, ast.Name)}
    for node in _statements(scope, ast.Call):
        if isinstance(node, ast.Assign) and names & set(map(_name, node.targets)):
            yield node


def _around_backward(scope: ast.AST, source: Source) -> Iterator[ast.stmt]:
    """The first statement of the innermost block that the finding's line is in."""
    blocks = [getattr(node, "body", None) for node in ast.walk(scope)]
    held = [
        block
        for block in blocks
        if isinstance(block, list) and any(node.lineno <= source.number <= (node.end_lineno or 0) for node in block)
    ]
    return iter(held[-1][:1])


def _evaluation(scope: ast.AST, source: Source) -> Iterator[ast.stmt]:
    """The heads under which the model is called without gradients."""
    models = _models([scope])
    trained = bool(set(models) & set(_called([scope], "train")))
    inside = {
        id(inner)
        for node in ast.walk(scope)
        if isinstance(node, ast.For | ast.While | ast.FunctionDef) and node is not scope
        for inner in ast.walk(node)
    }
    for node in ast.walk(scope):
        calls_it = isinstance(node, ast.With) and any(f"{name}(" in ast.unparse(node) for name in models)
        if isinstance(node, ast.With) and calls_it and (trained or id(node) not in inside):
            yield node


_ELSEWHERE: dict[str, Callable[[ast.AST, Source], Iterator[ast.stmt]]] = {
    "double_sigmoid": _layer_statements,
    "softmax_before_ce": _layer_statements,
    "relu_on_output": _layer_statements,
    "bce_on_logits": _loss_statements,
    "lr_too_high": _optimizer_statements,
    "lr_too_low": _optimizer_statements,
    "unshuffled_data": _training_loader,
    "train_mode_missing": _around_backward,
    "eval_mode_missing": _evaluation,
}
