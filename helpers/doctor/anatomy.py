"""From the tape to the parts of a training: which call gave the logits, which took the labels, which line is which."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from helpers.doctor.layouts import rows_of
from helpers.doctor.record import Backward, Forward, Record
from helpers.doctor.tape import (
    Call,
    has_parameters,
    in_eval_mode,
    is_parameter,
    leading_to,
    leaves,
    made_from,
    note_as_rows,
    replay,
)

RECURRENT = {"rnn_tanh", "rnn_relu", "gru", "lstm"}  # calls
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)

RANDOM = {"rand", "randn", "rand_like", "randn_like", "randint", "randperm", "normal", "uniform",
          "bernoulli"}  # fmt: skip

CREATED = {"zeros", "ones", "full", "empty", "arange", "linspace", "eye", "zeros_like", "ones_like", "full_like",
           "empty_like"}  # fmt: skip

BY_PLACE = {"add", "sub", "mul", "div", "truediv", "where", "masked_fill", "cat", "concat", "hstack"}
BY_INDEX = {"getitem", "index_select", "gather", "take_along_dim", "pack_padded_sequence"}

# Losses of torch.nn.functional that take (outputs, targets), and what they take for outputs.
LOSSES = {
    "binary_cross_entropy_with_logits": "logits",
    "binary_cross_entropy": "probabilities",
    "cross_entropy": "class logits",
    "nll_loss": "class log probabilities",
    "mse_loss": "anything",
    "l1_loss": "anything",
    "smooth_l1_loss": "anything",
    "huber_loss": "anything",
    "soft_margin_loss": "margins",
    "hinge_embedding_loss": "margins",
    "multi_margin_loss": "class logits",
}


@dataclass(frozen=True)
class Training:
    """One training step: from the features to the loss.

    calls: those that the loss depends on. path: those of them from the last layer's sums to the loss, in order.
    sums: what the last layer with parameters gave, and other branches with it, before any sigmoid or softmax, shape
    [rows], [rows, 1] or [rows, classes]. modules: the outermost modules with parameters that were called. since: the
    calls since the parameters were what they are. rest: those of these that no module made. maximised: whether the
    optimizer climbs. joint: whether an answer is made from two batches, as in a comparison of pairs.
    """

    forward: Forward | None
    backward: Backward
    calls: list[Call]
    sums: Tensor
    path: list[Call]
    modules: list[nn.Module]
    since: list[Call]
    rest: list[Call]
    maximised: bool = False
    joint: bool = False

    @property
    def rows(self) -> int:
        """The number of rows of the batch."""
        return len(self.sums)

    @property
    def columns(self) -> int:
        """The number of outputs per row."""
        return self.sums.shape[-1] if self.sums.ndim > 1 else 1

    @cached_property
    def names(self) -> list[str]:
        """The names of the calls on the path."""
        return [call.name for call in self.path]

    @cached_property
    def loss(self) -> Call | None:
        """The call of a loss function that PyTorch has, of several one with two classes; None if written by hand."""
        found = [call for call in reversed(self.path) if call.name in LOSSES]
        return next((call for call in found if _of_two_classes(call)), found[0] if found else None)

    @cached_property
    def targets(self) -> Tensor | None:
        """The labels as the loss takes them."""
        if self.loss is not None:
            found = self.loss.argument(1, "target")
            return found if isinstance(found, Tensor) else None
        made = {id(self.sums)} | {id(tensor) for call in self.path for tensor in call.results}
        for call in self.path:
            for tensor in call.tensors:
                given = id(tensor) not in made and not is_parameter(tensor)
                if given and tensor.numel() in (self.rows, self.rows * self.columns) and tensor.unique().numel() <= 3:
                    up, down = self._pulls(tensor)
                    both_ways = bool((up > 0).any()) and bool((up < 0).any()) and bool((down != 0).any())
                    return None if both_ways else tensor  # as of who left a study: no classes
        return None

    @cached_property
    def mixes(self) -> bool:
        """Whether losses of the same outputs with several labels are added, as where two rows are mixed."""
        losses = [call for call in self.path if call.name in LOSSES and isinstance(call.argument(1, "target"), Tensor)]
        return any(
            same_values(one.argument(0, "input"), other.argument(0, "input"))
            and not same_values(one.argument(1, "target"), other.argument(1, "target"))
            for one, other in pairwise(losses)
        )

    @cached_property
    def negated(self) -> bool:
        """Whether a loss written by hand gets the labels negated: it pulls the outputs of the larger one down."""
        if self.loss is not None or self.targets is None:
            return False
        up, down = self._pulls(self.targets)
        return len(up) > 0 and bool((up > 0).all()) and bool((down < 0).all())

    def _pulls(self, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the slope of a loss written by hand by the outputs of the rows of the larger label, and of the others,
        where all outputs are 0; both empty if there is none, or not one output for each label."""
        if labels.numel() == self.rows and self.columns == 1:
            sums = torch.zeros_like(self.sums).requires_grad_()
            pull = torch.autograd.grad(self.loss_of(sums), sums, allow_unused=True)[0]
            if pull is not None:
                larger = labels.reshape(-1) > labels.double().mean()
                return pull.reshape(-1)[larger], pull.reshape(-1)[~larger]
        return torch.empty(0), torch.empty(0)

    @cached_property
    def layers(self) -> list[Call]:
        """The calls that apply parameters to data, in order."""
        return [call for call in self.since if has_parameters(call)]

    @cached_property
    def parameters(self) -> list[Tensor]:
        """The parameters that the forward pass uses, each once."""
        in_calls = [tensor for call in self.since for tensor in call.tensors if is_parameter(tensor)]
        return list({id(tensor): tensor for tensor in in_calls}.values())

    @cached_property
    def features(self) -> Tensor | None:
        """The batch as it entered the model."""
        if self.forward is not None:
            return next(iter(self.inputs), None)
        return next((value for value in self.layers[0].tensors if not is_parameter(value)), None)

    @cached_property
    def inputs(self) -> list[Tensor]:
        """The tensors that entered the model, without the labels if it is given them beside the rows."""
        given = self.forward.tensors if self.forward else []
        return [value for value in given if not same_values(value, self.targets)] or given

    def answer(self, model: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
        """Return the output of a model built like this one for other tensors in the place of `rows_of(self.inputs)`."""
        return self.output_of(self.given_by(model, inputs))

    def given_by(self, model: nn.Module, inputs: Sequence[Tensor]) -> Any:
        """Return all that the model gives then."""
        assert self.forward is not None
        given = {id(old): new for old, new in zip(rows_of(self.inputs), inputs, strict=True)}
        count = len(inputs[0])
        labels = {
            id(value): value.new_zeros(count, *value.shape[1:])
            for value in self.forward.tensors
            if value.ndim and not any(value is mine for mine in self.inputs)
        }
        return self.forward.again(model, [(labels | given).get(id(value), value) for value in self.forward.inputs])

    @cached_property
    def output(self) -> Tensor | None:
        """What the model gave: of several tensors the first that the loss depends on."""
        used = {id(tensor) for call in self.path for tensor in (*call.tensors, *call.results)}
        given = [tensor for tensor in leaves(self.forward.output if self.forward else ()) if id(tensor) in used]
        of_rows = [tensor for tensor in given if tensor.ndim and len(tensor) == self.rows]  # not the loss itself
        return next(iter(of_rows or given), None)

    def output_of(self, output: object) -> Tensor:
        """Return of a new output of the model the tensor that stands where `output` stood."""
        place = next(place for place, tensor in enumerate(leaves(self.forward.output)) if tensor is self.output)  # type: ignore[union-attr]
        return leaves(output)[place]

    @cached_property
    def gives_probabilities(self) -> bool:
        """Whether the model itself ends in a sigmoid or the loss takes its output for a probability."""
        names = []
        for call in self.path:
            names.append(call.name)
            if any(tensor is self.output for tensor in call.results):
                return bool({"sigmoid", "softmax"} & set(names))
        return self.takes_probabilities

    @property
    def takes_probabilities(self) -> bool:
        """Whether the loss takes the model's output as it is for a probability."""
        return self.loss is not None and self.loss.name == "binary_cross_entropy" and "sigmoid" not in self.names

    @cached_property
    def more_of_rows(self) -> bool:
        """Whether what the last layer gives depends on more of each row than the tensors that entered the model, such
        as lengths that the learner's lines pick beside it, or that enter it as a list."""
        numbers = [value for value in (self.forward.inputs if self.forward else ()) if isinstance(value, int | float)]
        if len(numbers) >= self.rows or self.output is not None:
            return len(numbers) >= self.rows  # what the model makes of rows by itself, it makes of others, too
        entered = self.inputs if self.forward is not None else leaves(self.features)
        depends, known = {id(value) for value in entered}, {id(value) for value in entered}
        before = {id(call) for call in leading_to(self.since, *entered)}
        for call in leading_to(self.since, self.sums):
            given = [value for value in call.tensors if id(value) not in known and not is_parameter(value)]
            results = {id(value) for value in call.results}
            if id(call) not in before and any(id(value) in depends for value in call.tensors):
                depends |= results
                known |= results
                if any(_is_of_rows(value, call, self.rows) for value in given):
                    return True
            elif (call.tensors and not given) or call.name in RANDOM | CREATED:
                known |= results
        return False

    def loss_of(self, sums: Tensor) -> Tensor:
        """Return the loss that the learner's own lines give for other sums; what the optimizer maximises is minus a
        loss."""
        nothing = {id(penalty): torch.zeros_like(penalty) for penalty in self.penalties}
        loss = replay(self.path, {id(self.sums): sums, **nothing}, self.backward.loss)
        return -loss if self.maximised else loss

    @cached_property
    def penalties(self) -> list[Tensor]:
        """The numbers made from parameters alone that are added to the loss."""
        made = {id(self.sums)} | {id(tensor) for call in self.path for tensor in call.results}
        results = {id(tensor): tensor for call in self.rest for tensor in call.results}
        apart = {mine for mine, tensor in results.items() if tensor.numel() == 1 and tensor.requires_grad} - made
        added = [tensor for call in self.path if call.name in ("add", "radd", "iadd") for tensor in call.tensors]

        def from_parameters(number: Tensor) -> bool:
            given = {id(value): value for call in leading_to(self.rest, number) for value in call.tensors}
            enter = [value for mine, value in given.items() if mine not in results]
            return all(is_parameter(value) for value in enter if value.requires_grad)

        return [tensor for tensor in added if id(tensor) in apart and from_parameters(tensor)]


def same_values(one: Tensor, other: Tensor | None) -> bool:
    """Whether two tensors hold the same numbers, of whatever type and shape."""
    if other is None or one.numel() != other.numel():
        return False
    return one is other or torch.equal(one.detach().double().reshape(-1), other.detach().double().reshape(-1))


def _is_of_rows(value: Tensor, call: Call, rows: int) -> bool:
    """Whether a call takes something of each row from this tensor, other for each."""
    if value.ndim == 0 or len(value) != rows or not call.results:
        return False
    by_place = call.name.lstrip("ri") in BY_PLACE and value.ndim == call.results[0].ndim
    return (by_place or call.name in BY_INDEX) and bool((value != value[:1]).any())


def _of_two_classes(call: Call) -> bool:
    targets = call.argument(1, "target")
    return isinstance(targets, Tensor) and targets.unique().numel() <= 2


@dataclass(frozen=True)
class Evaluation:
    """One forward pass that no training step used, the calls that worked on its output, and all that came with it
    from where its rows were made to where those of the next forward pass are.

    paired: the calls by which tensors leave PyTorch at a line at which its output does, also behind other forward
    passes. guesses: the ids of tensors made from what models gave; they are no labels.
    """

    forward: Forward
    calls: list[Call]
    beside: list[Call]
    paired: list[Call] = field(default_factory=list)
    guesses: set[int] = field(default_factory=set)


def asked_again(
    step: Training, entry: Tensor, rows: Tensor, seed: int = 0, as_fed: Callable[[Tensor], Tensor] = lambda rows: rows
) -> Tensor:
    """Return the last layer's sums for other rows in the place of `entry`, by the learner's lines, in eval mode.

    as_fed: what to make of rows so that they can stand there.

    So many rows at a time as the batch had: the first state of a recurrent layer is made for that number, and PyTorch
    does not check it.
    """
    calls, found = in_eval_mode(step.since), []
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for part in rows.split(step.rows):
            filled = torch.cat([part, part[:1].expand(step.rows - len(part), *part.shape[1:])])
            found.append(replay(calls, {id(entry): as_fed(filled)}, step.sums)[: len(part)])
    return torch.cat(found)


def trainings(seen: Record) -> list[Training]:
    """Return the training steps on the tape, in order."""
    found, start = [], 0
    for call in made_from(seen.calls, [leaf for each in seen.forwards for leaf in leaves(each.output)]):
        if call.name == "requires_grad":  # of a loss or decisions that lead to no layer any more: no parameters
            note_as_rows(call.results)
    climbs = bool(seen.steps) and all(group.get("maximize") for group in seen.steps[0].optimizer.param_groups)
    for backward in seen.backwards:
        noted = seen.calls[start : backward.end]
        calls = leading_to(noted, backward.loss)
        since = leading_to([call for call in noted if not _makes_parameters(call)], backward.loss)
        layers = [call for call in since if has_parameters(call) and call.results and call.results[0].ndim > 0]
        if layers:
            last = _last_layer(since, layers)
            last = _merged(_after(since, last), last)
            sums = last.results[0]
            used = {id(tensor) for call in since for tensor in call.results}
            before = {id(tensor) for call in leading_to(since, sums) for tensor in call.results}
            # several modules may follow each other: the first is the one that the features enter
            forward = next(
                (
                    seen_forward
                    for seen_forward in seen.forwards
                    if start <= seen_forward.start <= backward.end
                    and any(id(leaf) in used for leaf in leaves(seen_forward.output))
                    and _makes_any_of(seen_forward, before, seen)
                    and not _made_by_parameters(seen_forward)
                ),
                None,
            )
            after = _after(since, last)
            inner = [each for each in seen.forwards if start <= each.start and each.end <= backward.end]
            inside = {id(call) for each in inner for call in seen.calls[each.start : each.end]}
            used_modules = {
                id(each.model): each.model for each in inner if any(id(t) in used for t in leaves(each.output))
            }
            rest = [call for call in since if id(call) not in inside]
            path = list(made_from(after, [sums]))
            used_here = list(used_modules.values())
            joint = _joint(since, [each for each in inner if forward is not None and each.model is forward.model])
            found.append(Training(forward, backward, calls, sums, path, used_here, since, rest, climbs, joint))
        start = backward.end
    return found


def _joint(calls: list[Call], passes: list[Forward]) -> bool:
    """Whether the answers for the rows of two of these forward passes meet in a call before they are averaged."""
    if len(passes) < 2 or any(mine is its for mine, its in zip(*(each.inputs for each in passes[:2]), strict=False)):
        return False
    given = [leaves(each.output) for each in passes[:2]]
    one, other = ({id(t) for call in made_from(calls, start) for t in call.results} | set(map(id, start))
                  for start in given)  # fmt: skip
    meeting = [call for call in calls if any(t.numel() > 1 for t in call.results)]
    return any(
        any(id(t) in one - other for t in call.tensors) and any(id(t) in other - one for t in call.tensors)
        for call in meeting
    )


def _makes_any_of(forward: Forward, tensors: set[int], seen: Record) -> bool:
    """Whether one of these tensors, given by id, was made inside a module or is what it gave."""
    made = [tensor for call in seen.calls[forward.start : forward.end] for tensor in call.results]
    return any(id(tensor) in tensors for tensor in (*leaves(forward.output), *made))


def _made_by_parameters(forward: Forward) -> bool:
    """Whether what enters a module was made by parameters that stand outside of all modules."""
    return any(value.requires_grad and not value.is_leaf for value in forward.tensors)


def _last_layer(calls: list[Call], layers: list[Call]) -> Call:
    """Return the last layer before a loss of two classes, of several heads, or the last of all."""
    for layer in reversed(layers):
        path = made_from(_after(calls, layer), [layer.results[0]])
        if any(call.name in LOSSES and _of_two_classes(call) for call in path):
            return layer
    return layers[-1]


def _merged(calls: list[Call], last: Call) -> Call:
    """Return the call behind the last layer in which other terms of the network are added to what it gives, or the last
    layer itself."""
    known = {id(tensor) for tensor in last.results}
    for call in made_from(calls, last.results):
        if call.name not in _SUMMING or not call.results:
            break
        others = [value for value in call.tensors if id(value) not in known]
        same = call.results[0].numel() in (last.results[0].numel(), len(last.results[0]))
        if others and same and call.results[0].ndim and any(v.requires_grad and not is_parameter(v) for v in others):
            last = call
        known |= {id(tensor) for tensor in call.results}
    return last


_SUMMING = {"add", "radd", "iadd", "sub", "squeeze", "unsqueeze", "view", "reshape", "flatten", "sum", "getitem"}


def _after(calls: list[Call], call: Call) -> list[Call]:
    return calls[next(number for number, each in enumerate(calls) if each is call) + 1 :]


def evaluations(seen: Record, steps: list[Training], others: Iterable[Record] = ()) -> list[Evaluation]:
    """Return the forward passes on the tape that no training step used and whose answers do not decide what is trained
    on, in order.

    others: the records of other trainings of the block.
    """
    records = list({id(record): record for record in (*others, seen)}.values())
    passes = [forward for record in records for forward in record.forwards]
    calls = [call for record in records for call in record.calls]
    given = [leaf for forward in passes for leaf in leaves(forward.output)]
    guesses = {id(tensor) for call in made_from(calls, given) for tensor in call.results}
    fed = [tensor for step in steps for tensor in (*step.inputs, step.targets) if tensor is not None]
    chosen_by = {id(tensor) for call in leading_to(calls, *fed) for tensor in call.tensors}
    pools = [each.tensors[:1] for each in passes if chosen_by & {id(leaf) for leaf in _made_in(each)}]
    used = {id(step.forward): step.forward.start for step in steps if step.forward is not None}
    in_losses = {id(tensor) for step in steps for call in step.since for tensor in call.results}
    found = []
    befores = zip([None, *seen.forwards], seen.forwards, strict=False)
    begins = [*(_begins(seen.calls, before, forward) for before, forward in befores), len(seen.calls)]
    untils = begins[1:]
    for place in reversed(range(len(seen.forwards) - 1)):
        if _leads_on(seen.forwards[place], seen.forwards[place + 1], seen.calls):
            untils[place] = untils[place + 1]
    for forward, begin, until in zip(seen.forwards, begins[:-1], untils, strict=True):
        pooled = any(all(map(torch.equal, forward.tensors, pool)) for pool in pools)
        trained = id(forward) in used or any(id(leaf) in in_losses for leaf in leaves(forward.output))
        if not trained and forward.output is not None and not pooled:
            after = seen.calls[forward.end : until]
            beside = seen.calls[begin : forward.start] + after
            mine = seen.calls[forward.start : forward.end] + list(made_from(after, leaves(forward.output)))
            training = next((start for start in used.values() if start > forward.end), None)
            paired = _leaving_beside(leaves(forward.output), seen.calls[forward.end : training])
            found.append(Evaluation(forward, mine, beside, paired, guesses))
    return found


def _made_in(forward: Forward) -> list[Tensor]:
    """Return the tensors that a forward pass returns, without those that it was given, as the sizes of what is
    packed."""
    given = {id(tensor) for tensor in forward.tensors}
    return [leaf for leaf in leaves(forward.output) if id(leaf) not in given]


def _leads_on(forward: Forward, later: Forward, calls: list[Call]) -> bool:
    """Whether what a forward pass returns enters a later one, as where a head is a module of its own."""
    returned = _made_in(forward)
    made = (tensor for call in made_from(calls[forward.end : later.start], returned) for tensor in call.results)
    return not {id(tensor) for tensor in later.tensors}.isdisjoint(map(id, (*returned, *made)))


def _begins(calls: list[Call], before: Forward | None, forward: Forward) -> int:
    """Return the place of the first call between two forward passes that makes what enters the second at another line,
    as a DataLoader does; if none does, and both are turns of a loop, of the first at a line above; else the second's
    own."""
    start = before.end if before is not None else 0
    between = calls[start : forward.start]
    making = {id(call) for call in leading_to(between, *forward.tensors) if call.where != forward.where}
    if not making and before is not None and before.where == forward.where:
        making = {id(call) for call in between if _stands_above(call.where, forward.where)}
    return next((place for place, call in enumerate(between, start) if id(call) in making), forward.start)


def _stands_above(one: str, other: str) -> bool:
    """Whether the first of two lines stands above the second, in the same file."""
    (file, _, line), (its_file, _, its_line) = one.rpartition(":"), other.rpartition(":")
    return file == its_file and line.isdigit() and its_line.isdigit() and int(line) < int(its_line)


def _leaving_beside(output: list[Tensor], calls: list[Call]) -> list[Call]:
    """Return those of the calls that give values to what is not PyTorch at a line at which an output's are given."""
    lines = {call.where for call in made_from(calls, output) if call.name in LEAVING}
    return [call for call in calls if call.name in LEAVING and call.where in lines]


LEAVING = {"numpy", "array", "tolist"}


def _makes_parameters(call: Call) -> bool:
    """Whether the call sets a parameter in place, or makes one, as steps by hand and initial values do."""
    return any(is_parameter(tensor) for tensor in call.results)


def line_of(calls: list[Call]) -> str:
    """Return the learner's line of the first of these calls."""
    return calls[0].where if calls else "unknown"


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put the model in eval mode, without gradients, and put modes and PyTorch's random state back afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def modules_of(model: nn.Module, *kinds: type[nn.Module]) -> list[nn.Module]:
    """Return the modules of these kinds inside the model."""
    return [module for module in model.modules() if isinstance(module, kinds)]
