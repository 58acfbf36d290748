"""The fusion of several Gaussians: the static heart of the story.

What you know about how people sway is a Gaussian; what the radar reports is another. `fuse` combines them into the
best linear unbiased estimate, the one of minimum variance.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.pictured import Pictured
from foglight.core.types import Floats
from foglight.inference import step_equations
from foglight.model.belief import Belief, angle_indices, frozen, in_order, require_plain


@dataclass(frozen=True)
class Fused(Pictured):
    """The fusion of several beliefs about n states.

    Attributes
    ----------
    belief : Belief
        The fused belief.
    weights : tuple of ndarray (n, n)
        One matrix per belief. They sum to the identity matrix, and mean = Σ weights[i] @ beliefs[i].mean, for angles
        with the means of one turn.
    mean : ndarray (n,)
        Mean of the fused belief.
    cov : ndarray (n, n)
        Its covariance.
    std : ndarray (n,)
        Square roots of the variances.

    Examples
    --------
    >>> fog.fuse(fog.Belief([2.0], std=[1.0]), fog.Belief([3.0], std=[0.5])).cov
    array([[0.2]])
    """

    belief: Belief
    weights: tuple[Floats, ...]

    @property
    def mean(self) -> Floats:
        """Mean of the fused belief (n,)."""
        return self.belief.mean

    @property
    def cov(self) -> Floats:
        """Covariance of the fused belief (n, n)."""
        return self.belief.cov

    @property
    def std(self) -> Floats:
        """Square roots of the variances (n,)."""
        return self.belief.std


def fuse(*beliefs: Belief, correlation: str = "independent", angles: Sequence[str | int] = ()) -> Fused:
    """The best linear unbiased estimate (BLUE) of one state from several beliefs about it.

    Parameters
    ----------
    *beliefs : Belief
        Two or more beliefs about the same n states. Where they have names, the states are matched by name; the result
        has the order of the first belief.
    correlation : {"independent", "unknown"}, default "independent"
        Whether the errors of the beliefs are independent, or may be correlated in an unknown way.
    angles : sequence of str or int, default ()
        States that are angles (rad), by name or index, in addition to those that the beliefs declare. Their
        differences are taken the short way round.

    Returns
    -------
    Fused
        The fused belief, and the weight (n, n) of each belief.

    Raises
    ------
    ModelError
        If there are fewer than two beliefs, their sizes or names differ, or two of them have unknown directions.

    Notes
    -----
    With independent errors P⁻¹ = Σ P_i⁻¹, with weights W_i = P P_i⁻¹ (Bar-Shalom 2001, eq. 3.4.2-9 for errors that are
    independent). If one of two beliefs has unknown directions (std inf), these are determined by the other alone.

    With correlation="unknown" covariance intersection: P⁻¹ = ω P_a⁻¹ + (1 - ω) P_b⁻¹ with the ω of least determinant
    (Julier & Uhlmann 1997, eqs. 8–9), pair by pair. It is never overconfident, whatever the errors have in common.

    Examples
    --------
    >>> both = fog.fuse(fog.Belief([2.0], std=[1.0]), fog.Belief([3.0], std=[0.5]))
    >>> both.mean, both.weights
    (array([2.8]), (array([[0.2]]), array([[0.8]])))
    >>> north = fog.fuse(fog.Belief([3.1], std=[0.1]), fog.Belief([-3.1], std=[0.1]), angles=(0,))
    >>> abs(north.mean).round(2)
    array([3.14])
    """
    if len(beliefs) < 2:
        raise ModelError(
            f"fuse: expected at least two beliefs, got {len(beliefs)}. Pass them one by one: fuse(a, b).",
            field="beliefs",
            value=len(beliefs),
        )
    for k, belief in enumerate(beliefs):
        if not isinstance(belief, Belief):
            raise ModelError(
                f"fuse: argument {k} is {belief!r}, expected a fog.Belief. Write fog.Belief(mean=[...], std=[...]).",
                field="beliefs", index=k, value=belief,
            )  # fmt: skip
    for belief in beliefs:
        require_plain(belief, "fuse", "Use fog.online(model), with a sensor for each source.")
    n = len(beliefs[0].mean)
    for k, belief in enumerate(beliefs):
        if len(belief.mean) != n:
            raise ModelError(
                f"fuse: belief {k} has {len(belief.mean)} states, expected {n}. Fuse beliefs about the same state.",
                field="beliefs", index=k, value=len(belief.mean),
            )  # fmt: skip
    names = next((belief.names for belief in beliefs if belief.names), ())
    beliefs = _matched(beliefs, names)
    declared = [i for belief in beliefs for i in belief.angles]
    around = tuple(sorted({*declared, *angle_indices(angles, n, names)}))
    if correlation not in ("independent", "unknown"):
        raise ModelError(
            f"correlation = {correlation!r}: expected 'independent', or 'unknown' where errors may be shared.",
            field="correlation", value=correlation,
        )  # fmt: skip
    result, weights = beliefs[0], [np.eye(n)]
    for other in beliefs[1:]:
        _check_unknown(result, other, correlation)
        if correlation == "unknown":
            omega = _intersection(result, other)
            new = step_equations.fuse(_widened(result, omega), _widened(other, 1.0 - omega), around)
            K = new["K"]
        else:
            swapped = other.unknown.size > 0
            new = step_equations.fuse(*((other, result) if swapped else (result, other)), around)
            K = np.eye(n) - new["K"] if swapped else new["K"]
        result = Belief(new["x"], factor=(new["U"], new["D"]), names=names, angles=around)
        weights = [(np.eye(n) - K) @ W for W in weights] + [K]
    return Fused(result, tuple(frozen(W) for W in weights))


def _matched(beliefs: tuple[Belief, ...], names: tuple[str, ...]) -> tuple[Belief, ...]:
    """The beliefs with their states in the order of these names; those without names stay as they are."""
    for k, belief in enumerate(beliefs):
        if belief.names and set(belief.names) != set(names):
            raise ModelError(
                f"fuse: belief {k} has states {', '.join(belief.names)}, expected {', '.join(names)}. "
                "Fuse beliefs about the same states, or leave names= out.",
                field="beliefs", index=k, value=belief.names,
            )  # fmt: skip
    return tuple(in_order(belief, names) for belief in beliefs)


def _check_unknown(a: Belief, b: Belief, correlation: str) -> None:
    """ModelError if both have unknown directions, or one has and the errors may be correlated."""
    unknown = [belief.unknown.size > 0 for belief in (a, b)]
    if all(unknown) or (any(unknown) and correlation == "unknown"):
        what = "both beliefs have" if all(unknown) else "correlation='unknown' with"
        raise ModelError(
            f"fuse: {what} unknown states (std inf): expected at most one such belief of two, and independent errors. "
            "Give the others a finite std.",
            field="beliefs", value=math.inf,
        )  # fmt: skip


def _widened(belief: Belief, omega: float) -> Belief:
    """The belief with covariance P/ω."""
    U, D = belief.factor
    return Belief(belief.mean, factor=(U, D / omega))


def _intersection(a: Belief, b: Belief) -> float:
    """The ω in (0, 1) of least log-determinant."""
    from scipy.optimize import minimize_scalar

    def size(omega: float) -> float:
        D = step_equations.fuse(_widened(a, omega), _widened(b, 1.0 - omega), ())["D"]
        return float(np.sum(np.log(D[D > 0])))

    edge = 1e-9
    found = minimize_scalar(size, bounds=(edge, 1.0 - edge), method="bounded", options={"xatol": 1e-10})
    return float(found.x)
