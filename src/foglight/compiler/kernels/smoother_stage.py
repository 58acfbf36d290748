"""The one stage of a backward scan, on symbols or on floats: from a filtered belief and the result for the next row."""

from typing import Any, NamedTuple

import numpy as np

from foglight.compiler.inputs import Inputs
from foglight.compiler.recipe import Outputs
from foglight.compiler.user_functions import process_noise
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.equations import diffuse, diffuse_smoother, smoother, ud
from foglight.equations.gaussian import Belief
from foglight.methods.diffuse_start import Diffuse
from foglight.methods.layout import belief_of, carried, wrapped
from foglight.methods.method import Curve, Method
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import all_finite, joined, negated, product, select_each, zeros

SMOOTH, LAG_ONE, DRAW = "smooth", "lag one", "draw"
_NOTHING = np.empty(0)


def plain_method(method: Any) -> Method:
    """The method without its extension for unknown directions."""
    plain: Method = method.method if isinstance(method, Diffuse) else method
    return plain


def recorded(method: Method, values: Array, n: int) -> Any:
    """The belief that a run recorded, in factored form."""
    belief = belief_of(method, values, n)
    if method.factored:
        return belief
    return Belief(belief.x, *ud.factor_of(belief.P))


def belief_after(method: Method, values: Array, n: int) -> Any:
    """The carried belief: the smoothed one of the next row. Its unknown directions have no weights."""
    weights = np.full(method.directions, 0.0, values.dtype)
    return belief_of(method.in_factors(), np.concatenate([values, weights]), n)


class Ahead(NamedTuple):
    """What the filtered belief alone implies for the step to the next row.

    belief: the filtered one.  given: p(x | x').  unresolved: the same for a belief with unknown directions.  bad:
    whether the noise of the motion is not a covariance.
    """

    belief: Any
    given: smoother.Conditional
    unresolved: diffuse_smoother.Unresolved | None
    bad: Any


class After(NamedTuple):
    """What is known of the next row.

    state: its smoothed belief, or a value drawn from it.  xi: standard normals for a draw.  reset: not NaN if the
    filter was reset in that row, which then carries no information about this one; None if the filter never is.
    """

    state: Any
    xi: Array
    reset: Any


def look_ahead(inputs: Inputs, curve: Curve) -> Ahead:
    """`Ahead` from the filtered belief, `inputs.belief`, and the motion."""
    belief = inputs.belief
    Q, bad = process_noise(inputs)
    Q = inputs.adapted.process_noise(Q)
    if not isinstance(belief, diffuse.Belief):
        return Ahead(
            belief, smoother.given_next(plain_method(inputs.method).transition(belief, curve, Q)), None, bad
        )
    given = smoother.given_next(plain_method(inputs.method).transition(belief.known, curve, Q))
    # With unknown directions, by the first-order Taylor expansion of the motion, as in the filter.
    y, F = curve.linearise(belief.x)
    first = smoother.given_next(smoother.linearised(belief.known, wrapped(y, curve.angles), F, Q))
    return Ahead(belief, given, diffuse_smoother.given_next(belief, first, F), bad)


def backward_outputs(
    method: Method, ahead: Ahead, after: After, angles: tuple[int, ...], what: str
) -> Outputs:
    """The outputs of the stage. angles: which states are angles."""
    belief, n = ahead.belief, len(ahead.belief.x)
    predicted, new, record = _known_step(method, ahead, after, angles, what)
    if ahead.unresolved is not None:
        first = _unknown_step(method, belief, ahead.unresolved, after, angles, what)
        predicted, new, record = (
            _either(belief.unsure, one, other)
            for one, other in zip(first, (predicted, new, record), strict=True)
        )
    # If the filter could not predict, it left the belief unchanged, and x is x'. That is not a fault of this step.
    unchanged = negated(all_finite(predicted[:n]) & all_finite(predicted[n:])) | ahead.bad
    sound = all_finite(new[:n]) & all_finite(joined(new[n:], [0.0]))
    reset: Any = False
    if after.reset is not None:
        reset = after.reset == after.reset
        alone = _alone(method, belief, after, angles, what)
        new = select_each(reset, alone, new)
        record = select_each(reset, zeros(len(record), record), record)
    return Outputs(
        carry=new,
        commit=reset | (sound & negated(unchanged)),
        record=record,
        status={Status.NONFINITE: negated(sound) & negated(unchanged) & negated(reset)},
    )


def _either(mask: Any, one: Any, other: Any) -> Any:
    """One vector where the mask holds, else the other."""
    found = select_each(mask, one, other)
    return found if isinstance(found, ArraySymbol) else np.array(found)


def _known_step(
    method: Method, ahead: Ahead, after: After, angles: tuple[int, ...], what: str
) -> tuple[Any, Any, Any]:
    """The filter's prediction, the carry and the record, for a belief without unknown directions."""
    x, given = ahead.belief.x, ahead.given
    known: Any = after.state.known if isinstance(after.state, diffuse.Belief) else after.state
    predicted = carried(Belief(given.y, given.U_p, given.D_p))
    if what == DRAW:
        return predicted, wrapped(smoother.drawn(x, given, known, after.xi, angles), angles), _NOTHING
    result, columns = smoother.smoothed(x, given, known, angles)
    record = smoother.lag_one(known, columns).ravel() if what == LAG_ONE else _NOTHING
    rest = [0.0] * (len(x) * method.directions)
    return predicted, joined(carried(result._replace(x=wrapped(result.x, angles))), rest), record


def _unknown_step(
    method: Method,
    belief: Any,
    unresolved: diffuse_smoother.Unresolved,
    after: After,
    angles: tuple[int, ...],
    what: str,
) -> tuple[Any, Any, Any]:
    """The same for a belief with unknown directions."""
    x, given = belief.x, unresolved.given
    predicted = carried(Belief(given.y, given.U_p, given.D_p))
    if what == DRAW:
        draw = diffuse_smoother.drawn(x, unresolved, after.state, after.xi, angles)
        return predicted, wrapped(draw, angles), _NOTHING
    result, columns = diffuse_smoother.smoothed(x, unresolved, after.state, angles)
    record = smoother.lag_one(after.state.known, columns).ravel() if what == LAG_ONE else _NOTHING
    new = carried(result._replace(x=wrapped(result.x, angles)))
    return predicted, new[: len(new) - method.directions], record


def _alone(method: Method, belief: Any, after: After, angles: tuple[int, ...], what: str) -> Any:
    """The carry if the next row carries no information about this one."""
    if what == DRAW:
        return wrapped(belief.x + product(belief.U, np.sqrt(belief.D) * after.xi), angles)
    alone = carried(belief)
    return alone[: len(alone) - method.directions]
