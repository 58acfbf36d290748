"""What a log can show of a model at all: some faults look like noise, or like a state that moves, if nothing else
reports."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.kept import kept
from foglight.core.types import Floats
from foglight.model import returned
from foglight.model.at_start import seen_at_start, start_mean
from foglight.model.model import Model
from foglight.model.part_functions import held_controls, own_params

STEP = 0.37  # seconds over which a motion is tried
_NUDGE = 1e-4  # step of a difference, of the scale of a state
CLOSE = 1e-6  # relative difference within which two numbers are the same


def is_alone(model: Model) -> bool:
    """Whether a model has one sensor and no known inputs: nothing to compare its times and its offsets with."""
    return len(model.sensors) == 1 and not model.motion.inputs


def keeps_time(model: Model) -> bool:
    """Whether the motion has time constants or frequencies, so that its pace is not that of its noise and its speeds.

    Without them F is a polynomial of dt: F - 1 is nilpotent, and another pace is another unit of the speeds.
    """
    if model.rows or model.charts.parts:  # the pace of a rotation is the size of its rate
        return False
    n, mean = len(model.state), start_mean(model)
    std = np.ones(n) if model.start is None else np.asarray(model.start.std, float)
    try:
        scale = np.where(np.isfinite(std) & (std > 0.0), std, 1.0)
        F = _jacobian(lambda x: moved(model, x, STEP), mean, scale) * scale / scale[:, None]
    except Exception:  # the user's function may fail away from the data
        return False
    # The last power is 0 if and only if all eigenvalues of F are 1; eigenvalues themselves would be ill-conditioned.
    power = np.linalg.matrix_power(F - np.eye(n), n)
    return bool(np.isfinite(power).all() and np.abs(power).max() > CLOSE * max(1.0, float(np.abs(F).max())))


def moved(model: Model, x: Floats, dt: float, **changed: float) -> Floats:
    """The state (N,) dt after the coordinates x, with controls of 1, and with parameters of the motion changed."""
    motion = model.motion
    u = held_controls(motion)
    found = motion.dynamics(seen_at_start(model, x), dt, own_params(motion, changed), *u)
    return np.asarray(returned.vector(found, motion.ambient, "motion.dynamics"), float)


def _coordinates(model: Model, x: Floats) -> Floats:
    """The coordinates of the state a step after x, about the rotations of the start."""
    charts, anchors = (
        model.charts,
        [] if model.start is None else model.charts.anchors(list(model.start.mean)),
    )
    return np.array(charts.coordinates(list(moved(model, x, STEP)), anchors), float)


def links(model: Model, x: Floats) -> tuple[Floats, Floats]:
    """The derivatives of the motion (n, n) and of all measures (M, n) at x, 0 where they are rounding.

    They are kept with the model: every sensor and component asks for them, and with many states they take as long as
    many runs."""
    start = b"" if model.start is None else np.asarray(model.start.mean, float).tobytes()
    key = ("links", tuple(model.parameters.values()), start, x.tobytes())
    return kept(model, key, lambda: _links(model, x))


def _links(model: Model, x: Floats) -> tuple[Floats, Floats]:
    scale = np.maximum(1.0, np.abs(x))
    found = [
        _jacobian(of, x, scale) for of in (lambda at: _coordinates(model, at), lambda at: read(model, at))
    ]
    F, H = (np.where(np.abs(A) > CLOSE * np.abs(A).max(initial=0.0), A, 0.0) for A in found)
    return F, H


def sensors_apart(model: Model) -> frozenset[str]:
    """The sensors whose states nothing else moves or shows: no other clock or bias to compare theirs with."""
    if model.rows or model.start is None or model.motion.inputs:
        return frozenset()
    x = somewhere(model)
    try:
        F, H = links(model, x)
    except Exception:  # the user's functions may fail away from the data
        return frozenset()
    seen = {sensor.name: linked(F, (H[at] != 0.0).any(axis=0)) for sensor, at in model.blocks}
    return frozenset(
        name
        for name, states in seen.items()
        if not any((states & others).any() for other, others in seen.items() if other != name)
    )


def linked(F: Floats, states: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The states (n,), and all that move them or are moved by them."""
    coupled = (F != 0.0) | (F != 0.0).T
    for _ in range(len(states)):
        states = states | coupled[:, states].any(axis=1)
    return states


def somewhere(model: Model) -> Floats:
    """A state near the start in which no number is 0 or equal to another by chance."""
    assert model.start is not None
    return start_mean(model) + 0.3 + 0.1 * np.arange(len(model.state))


def read(model: Model, x: Floats) -> Floats:
    """What all sensors read in a state, with controls of 1."""
    found = []
    for sensor in model.sensors:
        h = sensor.measure(seen_at_start(model, x), own_params(sensor), *held_controls(sensor))
        found.append(np.asarray(returned.vector(h, sensor.measures, "measure"), float))
    return np.concatenate(found)


def _jacobian(of: Callable[[Floats], Floats], at: Floats, scale: Floats) -> Floats:
    """The derivatives of a function of a vector, by central differences over steps of this scale."""
    steps = np.diag(_NUDGE * scale)
    return np.array([(of(at + step) - of(at - step)) / (2.0 * step.max()) for step in steps]).T
