"""Engines of a model, made once and kept on it."""

from collections.abc import Callable
from dataclasses import replace

from foglight.compiler.backends.backend import Engine
from foglight.compiler.curves import points_note
from foglight.compiler.delayed_start import is_delayed, warn_of_lost_digits
from foglight.compiler.engine.engine import engine_for, make_engine
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kept import kept
from foglight.compiler.kernels.filter import filter_recipe, without_records
from foglight.compiler.kernels.gradient import GradientLayout
from foglight.compiler.kernels.increments import Increments, increments_of
from foglight.compiler.kernels.linear_smoother import backward_recipe, forward_recipe, start_recipe
from foglight.compiler.kernels.predicted_readings import readings_recipe
from foglight.compiler.kernels.smoother import smoother_recipe
from foglight.compiler.kernels.weighted_smoother import weighted_recipe
from foglight.methods.diffuse_start import Diffuse
from foglight.methods.layout import Layout
from foglight.methods.method import Method
from foglight.model.model import Model, opaque_functions, unknown_directions
from foglight.trace.primitives import TooLongError


def engine_of(model: Model, method: Method, outputs: str) -> Engine | TwoPhaseEngine:
    """The engine for "result" (what a run stores), "detail" (predicted beliefs, S and K), "innovations" (independent
    ones, their variances, and the diagonal of S) or "last" (no records).

    It has two phases if the start has unknown directions.
    """
    return with_first_phase(model, method, lambda phase: _filter_engine(model, phase, outputs))


def with_first_phase(
    model: Model, method: Method, make: Callable[[Method], Engine]
) -> Engine | TwoPhaseEngine:
    """The engine that `make` returns for the method, behind a first phase if the start has unknown directions."""
    directions = unknown_directions(model)
    then = make(method)
    if not directions:
        return then
    phase = first_phase(model, method)
    first = make(phase)
    layout = _layout_of(model, phase)
    apart = range(layout.belief.stop, layout.waiting.stop)
    kept_numbers = [k for k in range(len(first.kernel.carry)) if k not in apart]
    note = "linearised" if method.points is not None else "resolved late" if phase.delayed else ""
    weights, waiting = (tuple(layout.indices(at)) for at in (layout.weights, layout.waiting))
    return TwoPhaseEngine(first, then, tuple(kept_numbers), weights, note, waiting, shown_of(model, method))


def first_phase(model: Model, method: Method) -> Diffuse:
    """The method while directions of the start are unknown."""
    return Diffuse(method, unknown_directions(model), is_delayed(model, method))


def shown_of(model: Model, method: Method) -> slice:
    """Where the unknown directions and their weights are among the numbers that only the first phase carries."""
    layout = _layout_of(model, first_phase(model, method))
    return slice(layout.unknown.start - layout.belief.stop, layout.weights.stop - layout.belief.stop)


def _layout_of(model: Model, phase: Diffuse) -> Layout:
    return Layout(len(model.state), phase.directions, delayed=phase.delayed)


def _filter_engine(model: Model, method: Method, outputs: str) -> Engine:
    def make() -> Engine:
        for name in opaque_functions(model):
            if not name.endswith(".noise"):
                points_note(method, name, "opaque")
        recipe = filter_recipe(
            model, method, detail=outputs == "detail", independent=outputs == "innovations"
        )
        if isinstance(method, Diffuse) and not method.delayed:
            warn_of_lost_digits(model, method.method)
        finish = without_records if outputs == "last" else None
        arrays = None if method.directions else _on_arrays_at_first(model, method, outputs)
        return make_engine(recipe, brief=method.directions > 0, finish=finish, arrays=arrays)

    return kept(model, (repr(method), outputs), make)


def _on_arrays_at_first(model: Model, method: Method, outputs: str) -> bool | None:
    """Whether the first phase of a run is on whole arrays: the second one has its bits only if it is, too. None if
    there is no such phase, or none that is compiled."""
    directions = unknown_directions(model)
    if not directions:
        return None
    first = _filter_engine(model, first_phase(model, method), outputs)
    return first.kernel.on_arrays if first.same_bits else None


def backward_engine(model: Model, method: Method, what: str) -> Engine:
    """The engine that smooths, smooths with lag-one covariances, or draws."""

    def make() -> Engine:
        # As in a run, rows with and without unknown directions are both on whole arrays, or both on scalars.
        unknown = 0 if method.directions else unknown_directions(model)
        first = backward_engine(model, Diffuse(method, unknown), what) if unknown else None
        arrays = first.kernel.on_arrays if first is not None and first.same_bits else None
        return make_engine(smoother_recipe(model, method, what), arrays=arrays)

    return kept(model, (repr(method), "backward", what), make)


def equations_engine(model: Model, method: Method, what: str) -> Engine:
    """The engine that takes readings backwards as equations, for a linear model."""
    return kept(
        model, (repr(method), "equations", what), lambda: make_engine(backward_recipe(model, method, what))
    )


def weighted_engine(model: Model, method: Method) -> Engine | None:
    """The engine that takes readings backwards as equations with weights; None if the filter does not run on whole
    arrays."""
    kernel = engine_of(model, method, "result").kernel
    if not kernel.on_arrays or kernel.dtype != "float64":
        return None
    return kept(
        model, (repr(method), "weighted"), lambda: make_engine(weighted_recipe(model, method), arrays=True)
    )


def start_engine(model: Model, method: Method, directions: int) -> Engine:
    """The engine from what all readings say about an unknown start to that start."""
    return kept(
        model,
        (repr(method), "start", directions),
        lambda: make_engine(start_recipe(model, method, directions), brief=True),
    )


def forward_engine(model: Model, method: Method, what: str, directions: int) -> Engine:
    """The engine that goes on from a start given all readings, for a linear model."""
    return kept(
        model,
        (repr(method), "forward", what, directions),
        lambda: make_engine(forward_recipe(model, method, what, directions)),
    )


def readings_engine(model: Model, method: Method) -> Engine:
    """The engine from beliefs to the predicted readings of the sensors."""
    return kept(model, (repr(method), "readings"), lambda: make_engine(readings_recipe(model, method)))


def gradient_engine(
    model: Model, method: Method, which: tuple[int, ...], truth: bool = False, directions: int | None = None
) -> Engine | TwoPhaseEngine | None:
    """The engine of the likelihood's gradient in the parameters with these indices.

    None if a function cannot be traced, or the steps are too long to be worth compiling. truth: the gradient of the
    density of the truth, not of the readings.  directions: how many it carries, on whole arrays; None for what takes
    the least time if all parameters move.
    """
    from foglight.compiler.engine.gradient_engine import gradient_of  # only where a fit needs it

    if opaque_functions(model):
        return None
    unknown = unknown_directions(model)

    def make(phase: Method) -> Engine:
        # As in a run, the second phase has the bits of the first one only if both are on arrays, or both on scalars.
        first = make(first_phase(model, phase)) if unknown and not phase.directions else None
        arrays = None if directions is None else True
        arrays = arrays if first is None else first.kernel.on_arrays
        found = kept(
            model,
            (repr(phase), "gradient", which, truth, directions),
            lambda: gradient_of(model, phase, which, truth, arrays, directions),
        )
        if found is None:
            raise TooLongError
        return found

    try:
        engine = with_first_phase(model, method, make)
    except TooLongError:
        return None
    if isinstance(engine, TwoPhaseEngine):
        layout = GradientLayout.of(engine.first.kernel, len(which))
        own = [k for k in engine.apart if k < layout.primal]
        blocks = layout.directions + 1 if layout.moved == layout.primal else 1
        lost = {c * layout.primal + k for c in range(blocks) for k in own}
        engine = replace(engine, kept=tuple(k for k in engine.kept if k not in lost))
    return engine


def increments_engine(
    model: Model, method: Method, which: tuple[int, ...], step: float
) -> tuple[Increments, Engine, Engine] | None:
    """The engines of the likelihood and of its gradient by increments of the covariance, for rows that are `step`
    seconds apart; None for a model that is of another kind."""

    def make() -> tuple[Increments, Engine, Engine] | None:
        found = None if opaque_functions(model) else increments_of(model, method, which, step)
        return None if found is None else (found, engine_for(found.likelihood), engine_for(found.gradient))

    return kept(model, (repr(method), "increments", which, step), make)
