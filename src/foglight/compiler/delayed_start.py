"""Whether the first readings tell the unknown directions of a start so hardly apart that digits would be lost.

They are then a regression until the readings do (`equations.delayed`). What decides is the model alone, not a log: so a
run has the same bits whatever is missing, alone and beside other tracks, and step by step.
"""

import math
import warnings
from typing import Any, NamedTuple

import numpy as np

from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.kept import kept
from foglight.compiler.linearity import is_linear_gaussian
from foglight.core.errors import FoglightWarning
from foglight.core.types import Floats
from foglight.equations.diffuse import SEEN
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.model import Model, parameter_values, unknown_directions
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.ops import EPS
from foglight.trace.program import Program, lower

# The least share of a reading that is due to what it adds to those before it.
LEAST = 2.0**-12
WARNED_OF = 2.0**-22  # where more than half of the digits are in doubt, with readings far from 0
MOST_ROWS = 4  # for each unknown direction: a log in which some reading is missing


def is_delayed(model: Model, method: Method) -> bool:
    """Whether the unknown directions of this start are resolved late: those of a linear filter without guards, if its
    first rows, one second or step apart, tell them hardly apart."""
    if unknown_directions(model) < 2 or not is_plain_linear(model, method):
        return False
    return _hardest(model).share < LEAST


def warn_of_lost_digits(model: Model, method: Method) -> None:
    """A FoglightWarning if a linear model needs its start resolved late, and this method does not do so."""
    if unknown_directions(model) < 2 or is_plain_linear(model, method) or not _is_linear(model):
        return
    hardest = _hardest(model)
    if hardest.share < WARNED_OF:
        warnings.warn(
            f"the first readings tell {hardest.names} of the unknown start hardly apart: of 16 digits, about "
            f"{-math.log10(hardest.share):.0f} are lost until later ones do, also of the log-likelihood, since "
            f"{method!r} resolves a start at once. Use fog.EKF() without guards, or give a start, "
            "model.with_start(fog.Belief(mean, std=...)).",
            FoglightWarning,
            stacklevel=2,
        )


class _Hardest(NamedTuple):
    """The least share of a reading that those before it do not explain, and the states that it tells apart."""

    share: float
    names: str


def _hardest(model: Model) -> _Hardest:
    key = ("hardest start", b"" if model.start is None else model.start.unknown.tobytes())
    return kept(model, key, lambda: _least_share(model))


def is_plain_linear(model: Model, method: Method) -> bool:
    """Whether a filter is linear throughout: what it does with a reading does not depend on the readings."""
    if (type(method).predict, type(method).update) != (EKF.predict, EKF.update) or not method.factored:
        return False
    guards = method.gate, method.huber, method.student
    if (
        any(guard is not None for guard in guards)
        or method.adaptations
        or method.joint
        or method.iterations > 1
    ):
        return False
    return _is_linear(model)


def _is_linear(model: Model) -> bool:
    """Whether a model is linear, and its start does not move with its parameters."""
    angles = model.motion.angles or any(sensor.angles for sensor in model.sensors) or model.charts.parts
    if angles or model.parametric_start is not None:
        return False
    return kept(model, ("linear throughout",), lambda: is_linear_gaussian(model))


def _least_share(model: Model) -> _Hardest:
    """The reading with the least share that no combination of the readings before it explains.

    The unknown directions have the lengths that make them equal in all readings together, whatever their units are.
    """
    n, (F, H) = len(model.state), _matrices(model)
    A = np.eye(n) if model.start is None else np.array(model.start.unknown)
    d, found = A.shape[1], []
    with np.errstate(all="ignore"):
        for _ in range(MOST_ROWS * d):
            found.append(H @ A)
            A = F @ A
        rows = np.concatenate(found)
        lengths = np.sqrt((rows * rows).sum(axis=0))
        rows = rows / lengths
    rows, least, along = np.where(np.isfinite(rows), rows, 0.0), 1.0, np.zeros(d)
    rest = np.eye(d)  # an orthonormal basis of what is unknown
    for row in rows:
        size, seen = float(np.sqrt(row @ row)), row @ rest
        share = float(np.sqrt(seen @ seen)) / size if size else 0.0
        if share > SEEN * n * EPS:
            if share < least:
                least, along = share, rest @ seen
            rest = rest @ np.linalg.svd(seen[None])[2][1:].T
            if not rest.shape[1]:
                break
    known = np.eye(n) if model.start is None else model.start.unknown
    with np.errstate(all="ignore"):
        weights = np.abs(known) @ np.where(lengths > 0.0, np.abs(along), 0.0)
    most = [name for name, w in zip(model.state, weights, strict=True) if w > 0.3 * weights.max()]
    return _Hardest(least, ", ".join(most[:6]) + ", ..." * (len(most) > 6))


def _matrices(model: Model) -> tuple[Floats, Floats]:
    """F and H where all inputs are 0, in a row that is one second after another one."""
    graph, n = Graph(), len(model.state)
    inputs = SymbolInputs(model, EKF(), graph)
    state = inputs.belief.x
    found: dict[str, Any] = {"F": list(inputs.curve(model.motion).linearise(state)[1].ravel()), "H": []}
    for sensor in model.sensors:
        found["H"] += list(derivatives.jacobian(graph, inputs.function(sensor)(state), state).ravel())
    program = lower(Program.of(graph, found))
    values: dict[Any, Any] = {("dt", 0): 1.0}
    values |= {("params", i): float(v) for i, v in enumerate(parameter_values(model))}
    for name, size in (("u", len(model.inputs)), ("carry", n)):
        values |= {(name, i): 0.0 for i in range(size)}
    rows = [array[0] for array in model.rows.values()]
    flat = np.concatenate([np.ravel(one) for one in rows]) if rows else np.zeros(0)
    values |= {("row", i): float(v) for i, v in enumerate(flat)}
    with np.errstate(all="ignore"):
        out = program.evaluate(values)
    F, H = (np.array([float(v) for v in out[name]]).reshape(-1, n) for name in ("F", "H"))
    return F, H
