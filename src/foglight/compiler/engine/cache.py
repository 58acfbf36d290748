"""Kernels of a model, made once and kept on it, and the arrays that a log gives them."""

from collections.abc import Callable

from foglight.compiler.curves import points_note
from foglight.compiler.engine.engine import COMPILED_BELOW, Engine
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.compiler.engine.two_phases import TwoPhases
from foglight.compiler.kernels.filter import make_kernel, without_records
from foglight.core.locks import COMPILING
from foglight.methods.diffuse_start import Diffuse
from foglight.methods.method import Method
from foglight.model.model import Model, opaque_functions, unknown_directions
from foglight.trace.primitives import TooLongError


def engine_of(model: Model, method: Method, outputs: str) -> Engine | ReferenceEngine | TwoPhases:
    """The engine for "result" (what a run stores), "detail" (what led to it) or "last" (no row at all).

    Of two phases where something of the start is unknown.
    """
    return in_phases(model, method, lambda phase: _engine_of(model, phase, outputs))


def in_phases(
    model: Model, method: Method, make: Callable[[Method], Engine | ReferenceEngine]
) -> Engine | ReferenceEngine | TwoPhases:
    """The engine that `make` gives for the method; where something of the start is unknown, with its first phase."""
    directions = unknown_directions(model)
    then = make(method)
    if not directions:
        return then
    diffuse = Diffuse(method, directions)
    first = make(diffuse)
    n = len(model.state)
    known = n + n * (n + 1) // 2
    apart = directions * (n + 1)
    kept = [k for k in range(len(first.kernel.carry)) if not known <= k < known + apart]
    weights = range(known + directions * n, known + apart)
    note = "linearised" if method.points is not None else ""
    return TwoPhases(first, then, tuple(kept), tuple(weights), note)


def _engine_of(model: Model, method: Method, outputs: str) -> Engine | ReferenceEngine:
    key = (repr(method), outputs)
    with COMPILING:
        if key not in model.kernels:
            model.kernels[key] = _new_engine(model, method, outputs)
        engine: Engine | ReferenceEngine = model.kernels[key]
        return engine


def _new_engine(model: Model, method: Method, outputs: str) -> Engine | ReferenceEngine:
    detail = outputs == "detail"
    opaque = opaque_functions(model)
    if opaque:
        for name in opaque:
            if not name.endswith(".noise"):
                points_note(method, name, "opaque")
        return ReferenceEngine(model, method, detail, f"{', '.join(opaque)} cannot be traced")
    try:
        kernel = make_kernel(model, method, detail=detail)
    except TooLongError:
        return ReferenceEngine(model, method, detail, "the model is too large to compile")
    if kernel.size > COMPILED_BELOW:
        return ReferenceEngine(model, method, detail, f"{kernel.size} operations are too many to compile")
    return Engine(without_records(kernel) if outputs == "last" else kernel, brief=method.directions > 0)
