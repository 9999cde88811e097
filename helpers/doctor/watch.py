"""Looks on while the learner's own training code runs, and changes nothing about it."""

import traceback
from collections.abc import Callable, Sized
from functools import partial, reduce, wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.utils.data import DataLoader

from helpers.doctor.record import Backward, Forward, Record, Step, any_gradient, flattened, held_by
from helpers.doctor.tape import (
    NOT_THE_LEARNERS,
    Tape,
    is_parameter,
    learners_arrays,
    learners_line,
    learners_numbers,
    learners_optimizer,
    learners_stack,
    leaves,
    note_as_rows,
)

if TYPE_CHECKING:
    from helpers.doctor.findings import Diagnosis

TAPED_STEPS = 50  # training steps of which every call is kept; of the others only loss and rate
TAPED_EVALUATIONS = 60  # forward passes outside training, likewise
TAPED_LOOKS = 20  # blocks under no_grad that begin at the same line, likewise, where the network has no modules
KEPT_RECORDS = 3
AUDITED_STEPS = 4  # training steps whose gradients and changes of parameters are kept
PHASE_STEPS = 20  # with one kind of loss that are a training of their own if another kind follows
STALE_STEPS = 12  # training steps before whose backward() old gradients are looked for
TAPED_BYTES = 2**28


def _harmless(note: Callable[..., Any]) -> Callable[..., Any]:
    """Let an error of ours not stop the learner's training: the diagnosis tells of it."""

    @wraps(note)
    def noting(watch: "Watch", *arguments: Any) -> Any:
        try:
            return note(watch, *arguments)
        except Exception as error:
            watch.stumbled = watch.stumbled or f"{note.__name__.strip('_')}: {type(error).__name__}: {error!s:.150}"
            return None

    return noting


class Watch:
    """What was seen of a block of training code; see `watch`."""

    def __init__(self) -> None:
        self.now = Record()  # of the training that runs now
        self.records = [self.now]
        self.error: BaseException | None = None
        self.error_line = ""
        self.stumbled = ""  # over what, if the watcher itself failed
        self._tape = Tape(self.now.calls)
        self._passing = False  # whether a step passes whose forward pass was not noted
        self._in_module = False
        self._given: Any = ()  # what entered the outermost module last
        self._remade = False  # whether another optimizer was made since the last forward pass
        self._lazy = False  # whether parameters of the module first seen last wait for their first call
        self._entered = False  # whether PyTorch gives the tape its calls
        self._taping = False  # whether the tape notes them
        self._in_grad = False
        self._undo: list[Callable[[], object]] = []
        self._before: dict[int, Tensor] = {}
        self._sizes: dict[int, float] = {}  # of each parameter after the last step

    def diagnose(self, budget: float = 20.0) -> "Diagnosis":
        """Return what is wrong, ranked, with its evidence, and what was ruled out.

        budget: seconds of work that this may take, with half as many again on the clock; tests for which they do not
        suffice are among the untested. Raises ValueError for a budget that is not positive.
        """
        from helpers.doctor.diagnosis import diagnose_watched  # which imports this module

        return diagnose_watched(self, budget)

    # ------------------------------------------------------------ entering and leaving

    def __enter__(self) -> Self:
        if self._undo or self.now.backwards or self.now.forwards:
            raise RuntimeError("this watch was used before; expected a new one for each block: with watch() as seen")
        backward, grad = torch.autograd.backward, torch.autograd.grad

        def watched(tensors: Any, grad_tensors: Any = None, *arguments: Any, **keywords: Any) -> None:
            self._before_backward(tensors, grad_tensors)
            backward(tensors, grad_tensors, *arguments, **keywords)
            self._after_backward()

        @wraps(grad)
        def watched_grad(outputs: Any, inputs: Any, *arguments: Any, **keywords: Any) -> Any:
            wanted = leaves(inputs)
            penalises = keywords.get("create_graph") or not all(value.is_leaf for value in wanted)
            attacks = all(any(value is given for given in leaves(self._given)) for value in wanted)
            last = self.now.forwards[-1].inputs if self.now.forwards else ()
            if attacks and not penalises and any(value is wanted[0] for value in last):
                self.now.forwards.pop()  # neither a training nor an evaluation
            if attacks or penalises or self._in_grad:  # PyTorch calls it again from within, for the tape
                return grad(outputs, inputs, *arguments, **keywords)
            self._before_backward(outputs)
            self._in_grad = True
            try:
                found = grad(outputs, inputs, *arguments, **keywords)
            finally:
                self._in_grad = False
            self._after_backward({id(value): gradient for value, gradient in zip(wanted, found, strict=True)})
            return found

        call = nn.Module.__call__

        def watched_call(module: nn.Module, *inputs: Any, **keywords: Any) -> Any:
            if self._in_module or torch.jit.is_tracing():
                return call(module, *inputs, **keywords)
            noted = self._before_forward(module, inputs, keywords)
            self._in_module, output = True, None
            try:
                output = call(module, *inputs, **keywords)
            finally:
                self._in_module = False
                if noted is not None:
                    self._after_forward(noted, output)
            return output

        begin = DataLoader.__iter__

        def watched_begin(loader: Any) -> Any:
            if not self.now.backwards:
                by_row = loader.batch_sampler is not None and isinstance(loader.dataset, Sized)
                self.now.pass_rows = len(loader.dataset) if by_row else None
            return begin(loader)

        make = Optimizer.__init__

        def watched_make(optimizer: Any, *arguments: Any, **keywords: Any) -> None:
            make(optimizer, *arguments, **keywords)
            self._after_making(optimizer)

        look = torch.no_grad.__enter__

        def watched_look(context: Any) -> None:
            self._before_look()
            look(context)

        nn.Module.__call__ = watched_call  # type: ignore[method-assign]
        torch.no_grad.__enter__ = watched_look  # type: ignore[method-assign]
        DataLoader.__iter__ = watched_begin  # type: ignore[method-assign]
        Optimizer.__init__ = watched_make  # type: ignore[assignment, method-assign]
        torch.autograd.backward, torch.autograd.grad = watched, watched_grad
        self._undo = [
            lambda: setattr(torch.autograd, "backward", backward),
            lambda: setattr(torch.autograd, "grad", grad),
            lambda: setattr(nn.Module, "__call__", call),
            lambda: setattr(DataLoader, "__iter__", begin),
            lambda: setattr(Optimizer, "__init__", make),
            lambda: setattr(torch.no_grad, "__enter__", look),
            register_optimizer_step_pre_hook(self._before_step).remove,
            register_optimizer_step_post_hook(self._after_step).remove,
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
            self._tape.__enter__()
        self._entered = self._taping = True
        self._tape.paused = False

    def _leave(self) -> None:
        if self._entered and self._tape.on_top:
            self._tape.__exit__(None, None, None)
            self._entered = False

    def _rest(self) -> None:
        """Note no more calls; from within a call, where the tape can't be left."""
        self._taping, self._tape.paused = False, True
        if self.now.unbroken is None:
            self.now.unbroken = len(self.now.backwards)

    def _stop_taping(self) -> None:
        self._rest()
        self._leave()

    def _leave_if_resting(self) -> None:
        if not self._taping:
            self._stop_taping()

    # ------------------------------------------------------------ what the hooks note

    @_harmless
    def _after_making(self, optimizer: Optimizer) -> None:
        """Begin another record if steps were taken before and this optimizer is the first to hold some parameter."""
        self._remade = bool(self.now.steps)
        known = {id(value) for value in self.now.held}
        if self.now.steps and any(id(value) not in known for value in held_by([optimizer])):
            self._begin_record()

    def _begin_record(self) -> None:
        prepared = self.now.calls[: self.now.forwards[0].start] if self.now.forwards else []
        self.now = Record(prepared, trained_before=self.now.held)
        self.records = [*self.records[-KEPT_RECORDS + 1 :], self.now]
        self._tape.calls, self._sizes = self.now.calls, {}
        self._start_taping()

    @_harmless
    def _before_forward(self, module: nn.Module, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> Forward | None:
        """Return what is noted of an outermost module, None while the tape rests or if it holds no parameters."""
        if not (id(module) in self.now.start or _holds_parameters(module)):
            return None
        if self._remade and id(module) in self.now.start:
            self._remade = False
            if self._is_rebuilt(module):
                self._begin_record()
        now, self._given = self.now, (inputs, keywords)
        if self._passing:
            self._passing, self._tape.paused = False, False
        self._leave_if_resting()
        shapes = [value.shape for value in (*inputs, *keywords.values()) if isinstance(value, Tensor)]
        trains = torch.is_grad_enabled() and module.training
        if trains and self._taping and len(now.steps) < TAPED_STEPS:
            now.note_shapes(shapes)
        # an evaluation may look like training, but then it rarely has batches of the same size
        evaluates = not (trains and now.knows_shapes(shapes))
        if evaluates and not self._taping and now.evaluations < TAPED_EVALUATIONS:
            self._start_taping()
        now.evaluations += evaluates
        if id(module) not in now.start:
            self._note_start(module)
        if not self._taping:
            return None
        given, nest = flattened((inputs, keywords))
        noted = Forward(
            module, tuple(given), None, module.training, len(now.calls), -1, nest=nest, where=learners_line()
        )
        note_as_rows(noted.tensors)
        if evaluates:
            noted.variables, noted.numbers = learners_arrays(given), learners_numbers()
            noted.stack = learners_stack()
        now.forwards.append(noted)
        return noted

    def _is_rebuilt(self, module: nn.Module) -> bool:
        """Whether layers of a module that was trained before are others now, as where it gets a new head."""
        shapes = {name: value.shape for name, value in module.state_dict().items() if isinstance(value, Tensor)}
        return shapes != {name: value.shape for name, value in self.now.start[id(module)].items()}

    def _note_start(self, module: nn.Module) -> None:
        """Keep the state in which a module is first seen, and of lazy parameters what their first call gives them."""
        self._tape.paused = True
        tensors = {name: value for name, value in module.state_dict().items() if isinstance(value, Tensor)}
        self._lazy = any(map(is_lazy, tensors.values()))
        with torch.no_grad():
            first = {name: value.clone() for name, value in tensors.items() if not is_lazy(value)}
        self._tape.paused = not self._taping
        self.now.start[id(module)] = first | self.now.start.get(id(module), {})

    @_harmless
    def _after_forward(self, noted: Forward, output: Any) -> None:
        if self._lazy:
            self._note_start(noted.model)
        calls = self.now.calls
        noted.output, noted.end = output, len(calls)
        self.now.size += sum(tensor.nbytes for call in calls[noted.start :] for tensor in call.results)

    def _summed(self, tensors: Any, gradients: Any) -> Tensor:
        """Return the one number whose gradient is what backward() of these tensors gives."""
        if isinstance(tensors, Tensor) and gradients is None:
            return tensors

        def noted(function: Callable[..., Tensor], *arguments: Tensor) -> Tensor:
            result = function(*arguments)
            if self._taping:
                self._tape.note(function, function.__name__, arguments, {}, result)
            return result

        several = list(tensors) if isinstance(tensors, list | tuple) else [tensors]
        factors = list(gradients) if isinstance(gradients, list | tuple) else [gradients] * len(several)
        terms = [
            each if by is None else noted(torch.sum, noted(torch.mul, each, by))
            for each, by in zip(several, factors, strict=True)
        ]
        return reduce(partial(noted, torch.add), terms)

    def _begin_record_if_other(self, kind: str) -> None:
        """Begin another record where one kind of loss gives way to another, as after an autoencoder's."""
        kinds = self.now.kinds
        if kind in kinds:
            return
        if len(self.now.steps) >= PHASE_STEPS and len(kinds) == 1 and not kinds & _OF_CLASSES:
            self._begin_record()
            self._passing = True
        self.now.kinds.add(kind)

    @_harmless
    def _before_backward(self, tensors: Any, gradients: Any = None) -> None:
        first = tensors if isinstance(tensors, Tensor) else tensors[0]
        self._begin_record_if_other(type(first.grad_fn).__name__)
        self._tape.paused = True
        if self._passing:
            return
        now, loss = self.now, self._summed(tensors, gradients)
        where = learners_line() if self._taping or not now.backwards else now.backwards[-1].where
        known = loss.numel() == 1 and loss.device.type == "cpu"  # elsewhere, asking would wait for it
        seen = Backward(loss, loss.item() if known else loss.detach(), len(now.calls), len(now.steps), where)
        if not now.backwards:
            now.optimizer = learners_optimizer()
        if len(now.values) == len(now.backwards) < 2 and not now.steps:
            if not now.forwards:
                now.plain = [value for call in now.calls for value in call.tensors if is_parameter(value)]
            now.values.append({id(value): value.detach().clone() for value in now.parameters()})
        if self._sizes and now.steps:
            sizes = {id(value): float(value.detach().norm()) for value in now.parameters()}
            now.steps[-1].left = min(sizes.get(key, size) / size for key, size in self._sizes.items())
            self._sizes = {}
        if self._taping and not now.steps and 0 < len(now.backwards) <= STALE_STEPS:
            held = [value for call in now.calls[now.backwards[-1].end :] for value in call.tensors if value.is_leaf]
            seen.stale = {0} if any_gradient(value.grad for value in held) else set()
        elif 0 < len(now.steps) <= STALE_STEPS:
            stepped = {id(step.optimizer): step.optimizer for step in now.steps}
            seen.stale = {key for key, each in stepped.items() if any_gradient(value.grad for value in held_by([each]))}
        if not self._taping:
            seen.loss = _GONE  # lets the graph go
        now.backwards.append(seen)

    @_harmless
    def _after_backward(self, gradients: dict[int, Tensor | None] | None = None) -> None:
        now = self.now
        if self._passing:
            return
        if len(now.steps) < AUDITED_STEPS:
            now.backwards[-1].gradients = _gradients(now.parameters()) if gradients is None else gradients
        self._tape.paused = not self._taping
        if not now.steps and len(now.backwards) >= 2 * TAPED_STEPS:  # steps by hand
            self._rest()

    @_harmless
    def _before_look(self) -> None:
        """Tape what may be a look at a network without modules: no other sign of it is to be seen."""
        now = self.now
        if self._taping or now.start or not now.backwards:
            return
        self._leave_if_resting()
        where = learners_line()
        if now.looked[where] < TAPED_LOOKS:
            now.looked[where] += 1
            self._start_taping()

    @_harmless
    def _before_step(self, optimizer: Optimizer, arguments: Any, keywords: Any) -> None:
        now = self.now
        self._tape.paused = True
        if self._passing:
            return
        where = learners_line() if self._taping or not now.steps else now.steps[-1].where
        step = Step(optimizer, tuple(float(group["lr"]) for group in optimizer.param_groups), where)
        if len(now.steps) > AUDITED_STEPS and now.steps[-1] == step:
            step = now.steps[-1]  # thousands of objects would keep Python's garbage collector busy
        if len(now.steps) < AUDITED_STEPS:
            parameters = now.parameters(optimizer)
            step.gradients = _gradients(parameters)
            self._before = {id(parameter): parameter.detach().clone() for parameter in parameters}
        now.steps.append(step)
        if len(arguments) > 1 or keywords:  # a closure is the learner's
            self._tape.paused = not self._taping
        else:
            self._leave()

    @_harmless
    def _after_step(self, optimizer: Optimizer, arguments: Any, keywords: Any) -> None:
        now = self.now
        if self._passing:
            return
        if len(now.steps) <= AUDITED_STEPS:
            for parameter in now.parameters(optimizer):
                if id(parameter) in self._before:
                    change = (parameter.detach() - self._before[id(parameter)]).abs().max() if parameter.numel() else 0
                    now.steps[-1].changes[id(parameter)] = float(change)
                    self._sizes[id(parameter)] = float(parameter.detach().norm()) or 1.0
        if not now.backwards and not any(now.steps[-1].changes.values()):
            now.empty_steps[now.steps.pop().where] += 1
        if self._taping and (len(now.steps) >= TAPED_STEPS or now.size > TAPED_BYTES):
            self._stop_taping()
        elif self._taping:
            self._start_taping()


def watch() -> Watch:
    """Return a context in which any training loop can run unchanged; afterwards its `diagnose()` says what is wrong.

    with watch() as seen:
        train_and_evaluate()
    seen.diagnose()

    An exception in the block is noted and passes on.
    """
    return Watch()


_GONE = torch.zeros(())
_OF_CLASSES = {"BinaryCrossEntropyWithLogitsBackward0", "BinaryCrossEntropyBackward0"}


def _holds_parameters(module: nn.Module) -> bool:
    return bool(module._parameters or module._modules) and next(module.parameters(), None) is not None


def _gradients(parameters: list[Tensor]) -> dict[int, Tensor | None]:
    return {
        id(value): None if value.grad is None else value.grad.detach().to_dense().clone()
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
