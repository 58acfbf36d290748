"""The one stage of a backward scan, on symbols or on floats: from a filtered belief and the row after it."""

from typing import Any, NamedTuple

import numpy as np

from foglight.compiler.user_functions import motion_noise, noise_of
from foglight.core.types import Array
from foglight.equations import diffuse, diffuse_smoother, smoother, ud
from foglight.equations.gaussian import Belief
from foglight.methods.diffuse_start import Diffuse
from foglight.methods.layout import belief_of, carried, wrapped
from foglight.methods.method import Curve, Method
from foglight.trace.ops import all_finite, negated, product, select

SMOOTH, LAG_ONE, DRAW = "smooth", "lag one", "draw"


def plain_method(method: Any) -> Method:
    """The method without what it needs while something is unknown."""
    plain: Method = method.method if isinstance(method, Diffuse) else method
    return plain


def recorded(method: Method, values: Array, n: int) -> Any:
    """The belief that a run recorded, as a factor."""
    belief = belief_of(method, values, n)
    if method.factored:
        return belief
    L, d, _ = ud.split(belief.P)
    return Belief(belief.x, *ud.combine(L, d))


def belief_after(method: Method, values: Array, n: int) -> Any:
    """What is carried: the smoothed belief of the row after. Its unknown directions have no weights."""
    weights = np.full(method.directions, 0.0, values.dtype)
    return belief_of(method.in_factors(), np.concatenate([values, weights]), n)


class Ahead(NamedTuple):
    """What the filtered belief says of the row after, whatever that turned out to be: p(x | x'), also as it is where
    something of x is unknown; and whether the noise of the motion is no covariance."""

    given: smoother.Conditional
    unresolved: diffuse_smoother.Unresolved | None
    bad: Any


def look_ahead(inputs: Any, curve: Curve) -> Ahead:
    """From what the motion's functions are given and `belief`."""
    belief = inputs.belief
    Q, bad = noise_of(motion_noise(inputs), "motion.noise", len(belief.x), inputs.traced)
    if not isinstance(belief, diffuse.Belief):
        return Ahead(smoother.given_next(plain_method(inputs.method).joint(belief, curve, Q)), None, bad)
    given = smoother.given_next(plain_method(inputs.method).joint(belief.known, curve, Q))
    # Where something is unknown, by the first Taylor term of the motion, as the filter's.
    y, F = curve.linearise(belief.x)
    first = smoother.given_next(smoother.linearised(belief.known, wrapped(y, curve.angles), F, Q))
    return Ahead(given, diffuse_smoother.given_next(belief, first, F), bad)


def backward_outputs(inputs: Any, ahead: Ahead, angles: tuple[int, ...], what: str) -> dict[str, list[Any]]:
    """The outputs of the stage. inputs: `belief`, `after`, `xi`, `anew`; angles: the states that are some."""
    belief, n = inputs.belief, len(inputs.belief.x)
    predicted, new, record = _known_step(inputs, ahead.given, angles, what)
    if ahead.unresolved is not None:
        unsure = belief.unsure
        first = _unknown_step(inputs, ahead.unresolved, angles, what)
        predicted, new, record = (
            [select(unsure, a, b) for a, b in zip(one, other, strict=True)]
            for one, other in zip(first, (predicted, new, record), strict=True)
        )
    # Where the filter could not predict it left the belief standing, and x is x'. That is no fault of this step.
    stood = negated(all_finite(predicted[:n]) & all_finite(predicted[n:])) | ahead.bad
    sound = all_finite(new[:n]) & all_finite([*new[n:], 0.0])
    anew: Any = False
    if inputs.anew is not None:
        anew = inputs.anew == inputs.anew
        new = [select(anew, own, value) for own, value in zip(_alone(inputs, angles, what), new, strict=True)]
        record = [select(anew, 0.0, value) for value in record]
    return {
        "carry": new,
        "commit": [anew | (sound & negated(stood))],
        "record": record,
        "sums": [],
        "status": [negated(sound) & negated(stood) & negated(anew)],
    }


def _known_step(
    inputs: Any, given: smoother.Conditional, angles: tuple[int, ...], what: str
) -> tuple[list[Any], list[Any], list[Any]]:
    """What the filter predicted, what is carried, what is recorded; of a belief in which nothing is unknown."""
    x = inputs.belief.x
    after: Any = inputs.after.known if isinstance(inputs.after, diffuse.Belief) else inputs.after
    predicted = carried(Belief(given.y, given.U_p, given.D_p))
    if what == DRAW:
        return predicted, list(wrapped(smoother.drawn(x, given, after, inputs.xi, angles), angles)), []
    result, columns = smoother.smoothed(x, given, after, angles)
    record = list(smoother.lag_one(after, columns).ravel()) if what == LAG_ONE else []
    rest = [0.0] * (len(x) * inputs.method.directions)
    return predicted, [*carried(result._replace(x=wrapped(result.x, angles))), *rest], record


def _unknown_step(
    inputs: Any, unresolved: diffuse_smoother.Unresolved, angles: tuple[int, ...], what: str
) -> tuple[list[Any], list[Any], list[Any]]:
    """The same where something is unknown to the filter."""
    x, after, given = inputs.belief.x, inputs.after, unresolved.given
    predicted = carried(Belief(given.y, given.U_p, given.D_p))
    if what == DRAW:
        draw = diffuse_smoother.drawn(x, unresolved, after, inputs.xi, angles)
        return predicted, list(wrapped(draw, angles)), []
    result, columns = diffuse_smoother.smoothed(x, unresolved, after, angles)
    record = list(smoother.lag_one(after.known, columns).ravel()) if what == LAG_ONE else []
    new = carried(result._replace(x=wrapped(result.x, angles)))
    return predicted, new[: len(new) - inputs.method.directions], record


def _alone(inputs: Any, angles: tuple[int, ...], what: str) -> list[Any]:
    """What is carried where the row after says nothing of this one."""
    belief = inputs.belief
    if what == DRAW:
        return list(wrapped(belief.x + product(belief.U, np.sqrt(belief.D) * inputs.xi), angles))
    alone = carried(belief)
    return alone[: len(alone) - inputs.method.directions]
