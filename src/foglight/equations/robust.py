"""Outliers: when a reading is rejected, how far it may move the mean, and how the belief is widened."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.equations.gaussian import Belief, FullBelief, UpdateInfo
from foglight.equations.measurement import mask_noise, mask_rows
from foglight.equations.ud import combine, split, weighted_squares, whiten
from foglight.trace.ops import absolute, maximum, negated, positive, product, reciprocal, select, sqrt, total


def counted(info: UpdateInfo, used: list[Any]) -> list[Any]:
    """Which components have an innovation: those present, except those that an unknown direction absorbed."""
    if not info.absorbed:
        return used
    return [negated(absorbed) & u for absorbed, u in zip(info.absorbed, used, strict=True)]


def count_of(info: UpdateInfo, used: list[Any]) -> Any:
    """The number of components in the NIS: those with an innovation and a variance."""
    counting = [u & positive(s) for s, u in zip(info.white.S, counted(info, used), strict=True)]
    return total([select(mask, 1.0, 0.0) for mask in counting])


def by_count(values: Sequence[float], count: Any, least: int) -> Any:
    """The value for this number of components; values: for `least`, `least` + 1, … of them."""
    found: Any = values[0]
    for k, value in enumerate(values[1:], start=least):
        found = select(count > k, value, found)
    return found


def limit_for(limits: tuple[float, ...], info: UpdateInfo, used: list[Any]) -> Any:
    """The limit for the number of components in the NIS."""
    return by_count(limits, count_of(info, used), 1)


def bound_for(limits: tuple[float, ...], info: UpdateInfo, used: list[Any]) -> Any:
    """The same for the Huber bound: infinite for a reading that an unknown direction absorbs, in part or whole."""
    limit = limit_for(limits, info, used)
    for absorbed in info.absorbed:
        limit = select(absorbed, np.inf, limit)
    return limit


def outlying(info: UpdateInfo, limit: Any) -> Any:
    """Whether the innovation is finite and too large: its NIS exceeds the limit, or it contradicts an exact state."""
    finite: Any = True
    for value in (*info.innovation, *info.white.S):
        finite = finite & (absolute(value) < np.inf)
    return finite & ((info.nis > limit) | info.faults.contradicted)


def bounded(R: NDArray[Any], info: UpdateInfo, bound: Any) -> NDArray[Any]:
    """The noise R + (1/w - 1) S that makes the gain w K, w = √(bound/NIS), where the NIS exceeds the bound; else R.

    With S/w for S the mean moves by w K e: as far as for the reading at the bound in the same direction, Huber's
    ψ of the distance (Huber 1964, §4; Masreliez & Martin 1977, §III), and the NIS becomes √(bound · NIS).
    """
    beyond = info.nis > bound
    share = sqrt(info.nis * (1.0 / bound)) - 1.0
    result: NDArray[Any] = select(beyond, R + share * info.S, R)
    return result


def widened(
    belief: Belief | FullBelief, H: NDArray[Any], info: UpdateInfo, R: NDArray[Any], along: list[Any]
) -> tuple[Belief | FullBelief, Any]:
    """The belief with the variance of some components of h(x) multiplied by a factor, and that factor.

    H (m, n): the Jacobian of h. along: which components. With G = S - R and C = P Hᵀ = K S of these, the factor
    q = eᵀ G⁻¹ e, at least 1, puts their innovation one standard deviation of the state off. It has no unit. Either the
    estimate drifted off, with errors of all states in the proportions of P, or the states that h depends on jumped:

        P + ½ (q - 1) (A G Aᵀ + B G Bᵀ),   A = C G⁻¹,   B = V Hᵀ (H V Hᵀ)⁻¹,   V = diag P

    which is the covariance if both are equally likely. H A = H B = I, so each makes H P Hᵀ what it is to be. A
    component without a variance from the state does not count.
    """
    G = mask_noise(info.S, along) - mask_noise(R, along)
    L, g, _ = split(G)
    inverse = np.array([reciprocal(v) for v in g], G.dtype)
    eps = whiten(L, mask_rows(info.innovation, along))
    factor = maximum(1.0, total(list(eps * inverse * eps)))
    C = mask_rows(product(info.K, info.S).T, along).T
    drifted = whiten(L, C.T).T * inverse
    H = mask_rows(H, along)
    weighted = H * variances(belief)
    L_V, v, _ = split(product(weighted, H.T))
    jumped = whiten(L_V, weighted).T * np.array([reciprocal(d) for d in v], G.dtype)
    columns = np.hstack([drifted, product(jumped, whiten(L_V, L))])
    weights = 0.5 * (factor - 1.0) * np.concatenate([g, g])
    if isinstance(belief, FullBelief):
        return belief._replace(P=belief.P + product(columns * weights, columns.T)), factor
    U, D = combine(np.hstack([belief.U, columns]), np.concatenate([belief.D, weights]))
    return belief._replace(U=U, D=D), factor


def variances(belief: Belief | FullBelief) -> NDArray[Any]:
    """The variances of the states (n,)."""
    if isinstance(belief, FullBelief):
        return belief.P.diagonal()
    return np.array(weighted_squares(belief.U, belief.D), belief.D.dtype)


def reported(plain: UpdateInfo, inflated: UpdateInfo) -> UpdateInfo:
    """The information on an update in two passes: innovation, S and NIS of the plain pass, gain and likelihood of the
    pass with inflated noise."""
    either = plain.faults.indefinite | inflated.faults.indefinite
    return plain._replace(
        K=inflated.K, loglik=inflated.loglik, faults=plain.faults._replace(indefinite=either)
    )
