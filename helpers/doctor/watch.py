"""Looks on while the learner's own training code runs, and changes nothing about it."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.utils.data import DataLoader

from helpers.doctor.tape import (
    NOT_THE_LEARNERS,
    Call,
    Tape,
    is_parameter,
    learners_arrays,
    learners_line,
    learners_optimizer,
    learners_stack,
    leaves,
)

if TYPE_CHECKING:
    from helpers.doctor.findings import Diagnosis

TAPED_STEPS = 50  # training steps of which every call is kept; of the others only loss and rate
TAPED_EVALUATIONS = 60  # forward passes outside training, likewise
TAPED_LOOKS = 20  # blocks under no_grad that begin at the same line, likewise, where the network has no modules
AUDITED_STEPS = 4  # training steps whose gradients and changes of parameters are kept
STALE_STEPS = 12  # training steps before whose backward() old gradients are looked for
TAPED_BYTES = 2**28


@dataclass
class Forward:
    """One call of the outermost module that holds parameters.

    training: its mode. start, end: the calls on the tape that it made. variables: outside training, the arrays and
    tensors, as many as there are rows, that the learner's functions hold at that moment. where: the learner's line.
    stack: outside training, the lines at which the learner's functions are, the innermost first.
    """

    model: nn.Module
    inputs: tuple[Any, ...]
    output: Any
    training: bool
    start: int
    end: int
    variables: list[dict[str, Any]] = field(default_factory=list)
    where: str = "unknown"
    stack: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Backward:
    """One call of backward().

    end: the number of calls on the tape before. step: the number of optimizer steps before. stale: whether gradients
    from before the last optimizer step were still there. gradients: by the id of the parameter that requires one, its
    gradient afterwards, None if it has none.
    """

    loss: Tensor
    value: Tensor
    end: int
    step: int
    where: str
    stale: bool = False
    gradients: dict[int, Tensor | None] = field(default_factory=dict)


@dataclass
class Step:
    """One step of an optimizer: its learning rates, the gradients it used, and by how much each parameter changed.

    left: the least share of a parameter's size that was left before the next backward(), if the code shrank it.
    """

    optimizer: Optimizer
    rates: tuple[float, ...]
    where: str
    gradients: dict[int, Tensor | None] = field(default_factory=dict)
    changes: dict[int, float] = field(default_factory=dict)
    left: float = 1.0


class Watch:
    """What was seen of a block of training code; see `watch`."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.forwards: list[Forward] = []
        self.backwards: list[Backward] = []
        self.steps: list[Step] = []
        self.start: dict[int, dict[str, Tensor]] = {}  # by the id of a model, its state before the first forward
        self.pass_rows: int | None = None  # the rows of a pass through the DataLoader that the first batch came from
        self.optimizer: Optimizer | None = None  # one that was there at the first backward()
        # by the id of each parameter, what it was at the first backward() and, if no optimizer stepped, at the second
        self.values: list[dict[int, Tensor]] = []
        self.error: BaseException | None = None
        self.error_line = ""
        self._depth = 0
        self._entered = False  # whether PyTorch gives the tape its calls
        self._taping = False  # whether the tape notes them
        self._bytes = 0
        self._evaluations = 0
        self._in_grad = False
        self._plain: list[Tensor] = []  # parameters, if there are no modules
        self._looked: Counter[str] = Counter()  # by line, how often a look at a network without modules began there
        self._trained_on: set[tuple[torch.Size, ...]] = set()  # the shapes of the inputs
        self._undo: list[Callable[[], object]] = []
        self._before: dict[int, Tensor] = {}
        self._sizes: dict[int, float] = {}  # of each parameter after the last step

    @property
    def calls(self) -> list[Call]:
        """The calls noted, in order."""
        return self.tape.calls

    def diagnose(self, budget: float = 20.0) -> "Diagnosis":
        """Return what is wrong, ranked, with its evidence, and what was ruled out.

        budget: seconds that tests which train anew may take.
        """
        from helpers.doctor.diagnosis import diagnose_watched  # which imports this module

        return diagnose_watched(self, budget)

    # ------------------------------------------------------------ entering and leaving

    def __enter__(self) -> Self:
        if self._undo or self.backwards or self.forwards:
            raise RuntimeError("this watch was used before; expected a new one for each block: with watch() as seen")
        backward, grad = torch.autograd.backward, torch.autograd.grad

        def watched(tensors: Any, *arguments: Any, **keywords: Any) -> None:
            self._before_backward(tensors)
            backward(tensors, *arguments, **keywords)
            self._after_backward()

        def watched_grad(outputs: Any, inputs: Any, *arguments: Any, **keywords: Any) -> Any:
            wanted = leaves(inputs)
            penalises = keywords.get("create_graph") or not all(value.is_leaf for value in wanted)
            if penalises or self._in_grad:  # PyTorch calls it again from within, for the tape
                return grad(outputs, inputs, *arguments, **keywords)
            self._before_backward(outputs)
            self._in_grad = True
            try:
                found = grad(outputs, inputs, *arguments, **keywords)
            finally:
                self._in_grad = False
            self._after_backward({id(value): gradient for value, gradient in zip(wanted, found, strict=True)})
            return found

        begin = DataLoader.__iter__

        def watched_begin(loader: Any) -> Any:
            if not self.backwards:
                by_row = loader.batch_sampler is not None and isinstance(loader.dataset, Sized)
                self.pass_rows = len(loader.dataset) if by_row else None
            return begin(loader)

        look = torch.no_grad.__enter__

        def watched_look(context: Any) -> None:
            self._before_look()
            look(context)

        torch.no_grad.__enter__ = watched_look  # type: ignore[method-assign]
        DataLoader.__iter__ = watched_begin  # type: ignore[method-assign]
        torch.autograd.backward, torch.autograd.grad = watched, watched_grad
        self._undo = [
            lambda: setattr(torch.autograd, "backward", backward),
            lambda: setattr(torch.autograd, "grad", grad),
            lambda: setattr(DataLoader, "__iter__", begin),
            lambda: setattr(torch.no_grad, "__enter__", look),
            register_optimizer_step_pre_hook(self._before_step).remove,
            register_optimizer_step_post_hook(self._after_step).remove,
            register_module_forward_pre_hook(self._before_forward).remove,
            register_module_forward_hook(self._after_forward, always_call=True).remove,
        ]
        self._start_taping()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_taping()
        while self._undo:
            self._undo.pop()()
        if error is not None:
            self.error = error
            self.error_line = _innermost_line(trace)

    def _start_taping(self) -> None:
        if not self._entered:
            self.tape.__enter__()
        self._entered = self._taping = True
        self.tape.paused = False

    def _rest(self) -> None:
        """Note no more calls; from within a call, where the tape can't be left."""
        self._taping, self.tape.paused = False, True

    def _stop_taping(self) -> None:
        if self._entered:
            self._entered = self._taping = False
            self.tape.__exit__(None, None, None)

    def _leave_if_resting(self) -> None:
        if not self._taping:
            self._stop_taping()

    # ------------------------------------------------------------ what the hooks note

    def _before_forward(self, module: nn.Module, inputs: Any) -> None:
        self._depth += 1
        if self._depth > 1 or not (id(module) in self.start or _holds_parameters(module)):
            return
        self._leave_if_resting()
        shapes = tuple(value.shape for value in inputs if isinstance(value, Tensor))
        trains = torch.is_grad_enabled() and module.training
        if trains and self._taping and len(self.steps) < TAPED_STEPS:
            self._trained_on.add(shapes)
        # an evaluation may look like training, but then it rarely has batches of the same size
        evaluates = not trains or shapes not in self._trained_on
        if evaluates and not self._taping and self._evaluations < TAPED_EVALUATIONS:
            self._start_taping()
        self._evaluations += evaluates
        if id(module) not in self.start:
            self.tape.paused = True
            with torch.no_grad():
                self.start[id(module)] = {
                    name: value.clone() for name, value in module.state_dict().items() if isinstance(value, Tensor)
                }
            self.tape.paused = not self._taping
        if self._taping:
            beside = learners_arrays(inputs) if evaluates else []
            stack, where = learners_stack() if evaluates else [], learners_line()
            self.forwards.append(
                Forward(module, inputs, None, module.training, len(self.calls), -1, beside, where, stack)
            )

    def _after_forward(self, module: nn.Module, inputs: Any, output: Any) -> None:
        self._depth -= 1
        if self._depth == 0 and self._taping and self.forwards and self.forwards[-1].model is module:
            self.forwards[-1].output = output
            self.forwards[-1].end = len(self.calls)
            self._bytes += sum(
                tensor.nbytes for call in self.calls[self.forwards[-1].start :] for tensor in call.results
            )

    def _before_backward(self, tensors: Any) -> None:
        self.tape.paused = True
        loss = tensors[0] if isinstance(tensors, list | tuple) else tensors
        where = learners_line() if self._taping or not self.backwards else self.backwards[-1].where
        seen = Backward(loss, loss.detach(), len(self.calls), len(self.steps), where)
        if not self.backwards:
            self.optimizer = learners_optimizer()
        if len(self.values) == len(self.backwards) < 2 and not self.steps:
            if not self.forwards:
                self._plain = [value for call in self.calls for value in call.tensors if is_parameter(value)]
            self.values.append({id(value): value.detach().clone() for value in self.parameters()})
        if self._sizes and self.steps:
            sizes = {id(value): float(value.detach().norm()) for value in self.parameters()}
            self.steps[-1].left = min(sizes.get(key, size) / size for key, size in self._sizes.items())
            self._sizes = {}
        fresh = not self.backwards or self.backwards[-1].step != seen.step
        if self._taping and not self.steps and 0 < len(self.backwards) <= STALE_STEPS:
            held = [value for call in self.calls[self.backwards[-1].end :] for value in call.tensors if value.is_leaf]
            seen.stale = any_gradient(value.grad for value in held)
        elif fresh and 0 < len(self.steps) <= STALE_STEPS:
            seen.stale = any_gradient(value.grad for value in held_by(step.optimizer for step in self.steps[-8:]))
        if not self._taping:
            seen.loss = seen.value  # lets the graph go
        self.backwards.append(seen)

    def _after_backward(self, gradients: dict[int, Tensor | None] | None = None) -> None:
        if len(self.steps) < AUDITED_STEPS:
            self.backwards[-1].gradients = _gradients(self.parameters()) if gradients is None else gradients
        self.tape.paused = not self._taping
        if not self.steps and len(self.backwards) >= 2 * TAPED_STEPS:  # steps by hand
            self._rest()

    def _before_look(self) -> None:
        """Tape what may be a look at a network without modules: no other sign of it is to be seen."""
        if self._taping or self.start or not self.backwards:
            return
        self._leave_if_resting()
        where = learners_line()
        if self._looked[where] < TAPED_LOOKS:
            self._looked[where] += 1
            self._start_taping()

    def _before_step(self, optimizer: Optimizer, arguments: Any, keywords: Any) -> None:
        self.tape.paused = True
        where = learners_line() if self._taping or not self.steps else self.steps[-1].where
        step = Step(optimizer, tuple(float(group["lr"]) for group in optimizer.param_groups), where)
        if len(self.steps) < AUDITED_STEPS:
            parameters = self.parameters(optimizer)
            step.gradients = _gradients(parameters)
            self._before = {id(parameter): parameter.detach().clone() for parameter in parameters}
        self.steps.append(step)

    def _after_step(self, optimizer: Optimizer, arguments: Any, keywords: Any) -> None:
        if len(self.steps) <= AUDITED_STEPS:
            for parameter in self.parameters(optimizer):
                if id(parameter) in self._before:
                    change = (parameter.detach() - self._before[id(parameter)]).abs().max() if parameter.numel() else 0
                    self.steps[-1].changes[id(parameter)] = float(change)
                    self._sizes[id(parameter)] = float(parameter.detach().norm()) or 1.0
        if not self.backwards and not any(self.steps[-1].changes.values()):
            self.steps.pop()  # before there are gradients, it is none
        self.tape.paused = not self._taping
        if self._taping and (len(self.steps) >= TAPED_STEPS or self._bytes > TAPED_BYTES):
            self._stop_taping()

    def parameters(self, optimizer: Optimizer | None = None) -> list[Tensor]:
        """Return the parameters of every model and optimizer seen so far, each once."""
        held = held_by([step.optimizer for step in self.steps] + ([optimizer] if optimizer else []))
        owned = [value for seen in self.forwards for value in seen.model.parameters()]
        return list({id(value): value for value in held + owned + self._plain}.values())


def watch() -> Watch:
    """Return a context in which any training loop can run unchanged; afterwards its `diagnose()` says what is wrong.

    with watch() as seen:
        train_and_evaluate()
    seen.diagnose()

    An exception in the block is noted and passes on.
    """
    return Watch()


def _holds_parameters(module: nn.Module) -> bool:
    return next(module.parameters(), None) is not None


def held_by(optimizers: Iterable[Optimizer]) -> list[Tensor]:
    """Return the parameters that these optimizers hold, each once."""
    different = {id(each): each for each in optimizers}.values()
    held = [value for each in different for group in each.param_groups for value in group["params"]]
    return list({id(value): value for value in held}.values())


def any_gradient(gradients: Iterable[Tensor | None]) -> bool:
    """Return whether any of these is there and not 0 everywhere."""
    return any(gradient is not None and bool(gradient.any()) for gradient in gradients)


def _gradients(parameters: list[Tensor]) -> dict[int, Tensor | None]:
    return {
        id(value): None if value.grad is None else value.grad.detach().clone()
        for value in parameters
        if value.requires_grad
    }


def _innermost_line(trace: TracebackType | None) -> str:
    """The learner's innermost line in a traceback."""
    lines = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(trace)
        if not frame.filename.startswith(NOT_THE_LEARNERS)
    ]
    return lines[-1] if lines else "unknown"
