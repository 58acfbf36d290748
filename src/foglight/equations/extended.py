"""The extended Kalman filter: the linear filter on the first-order Taylor expansion of f and h.

On a linear model the expansion is the model, and this is the Kalman filter, bit for bit. Bar-Shalom,
Li & Kirubarajan 2001, §10.3; the iterated update §10.5.2.
"""

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations import delayed, textbook, ud
from foglight.equations.gaussian import Belief, FullBelief, Innovate, Linearise, UpdateInfo, White
from foglight.equations.measurement import judge, likelihood, mask_noise, mask_rows, noise_factor, whole_noise
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import any_of, in_type_of, negated, product, select, total, unit, zeros

# Of two states, the short way round for angles.
Difference = Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]


def update(
    belief: Any,
    linearise: Linearise,
    innovate: Innovate,
    R: NDArray[Any],
    used: list[Any],
    iterations: int = 1,
    at: NDArray[Any] | None = None,
    difference: Difference = operator.sub,
) -> tuple[Any, UpdateInfo]:
    """p(x | z) with h linearised at the predicted mean, then (iterations > 1) again at each new mean.

    belief: a Belief, or one with unknown directions (diffuse.py).  at: the point at which to linearise instead, whose
    `difference` from the predicted mean enters the innovation.

    Correlated components are decorrelated, z̃ = L⁻¹ z with R = L diag(r) Lᵀ, and processed one by one
    (Bierman 1977, §V.3). Iteration i starts from the same prediction: e_i = z - h(x_i) - H_i (x - x_i),
    Bar-Shalom 2001, eq. 10.5.2-9. Innovation, NIS and likelihood are those of the prediction.
    """
    x, U, D = belief.x, belief.U, belief.D
    R = whole_noise(R, x)
    L, r, bad = noise_factor(R, used)
    point, info = x if at is None else at, None
    for _ in range(iterations):
        value, H = linearise(point)
        e = innovate(value)
        if point is not x:
            e = e - H @ difference(x, point)
        e = mask_rows(e, used)
        e_white, H_white = ud.whiten(L, e), ud.whiten(L, in_type_of(L, H))
        rows = ud.whiten(L, unit(len(e), L))
        directions = [H[0], *H_white[1:]]  # the first one as it is given: it may pick one state
        spreads = ud.spread_of(directions, U, D)
        new = belief._replace(x=zeros(len(x), x))
        waits = isinstance(belief, delayed.Belief)
        if waits:
            from_x0 = _from_x0(belief, linearise, innovate, L, H_white, used)
            new = new._replace(x0=zeros(len(x), x))
        eps, S, K = e_white.copy(), e_white.copy(), zeros(H.T.shape, x)
        absorbed: list[Any] = [False] * len(e)
        for j, h in enumerate(directions):
            eps[j] = select(used[j], e_white[j] - product(h, new.x), 0.0)
            floor = ud.rounding_floor(spreads[j], r[j], len(x))
            if waits:
                e0 = select(used[j], from_x0.e[j] - product(h, new.x0), 0.0)
                floors = floor, ud.rounding_floor(from_x0.spreads[j], r[j], len(x))
                new, eps[j], S[j], k, absorbed[j] = new.take(h, r[j], eps[j], e0, used[j], *floors)
            else:
                new, S[j], k, absorbed[j] = new.take(h, r[j], eps[j], used[j], floor)
            K = K + np.outer(k, rows[j] - product(h, K))
        if info is None:
            B = product(mask_rows(H, used), U)
            S_full = textbook.symmetric((B * D) @ B.T + mask_noise(R, used))
            sizes = term_sizes(ud.whiten(L, mask_rows(value, used)), H_white, x)
            if isinstance(new, Belief):
                faults = judge(eps, S, r, sizes, spreads, used, len(x), bad)
                info = UpdateInfo(e, S_full, K, *likelihood(eps, S, used), faults, White(eps, S, r))
            else:
                apart: Any = False
                if waits:
                    apart = belief.waits
                    pairs = (sizes, from_x0.sizes), (spreads, from_x0.spreads)
                    sizes, spreads = (
                        [select(apart, b, a) for a, b in zip(*two, strict=True)] for two in pairs
                    )
                white = White(eps, S, r)
                info = _partly_absorbed(e, S_full, K, white, sizes, spreads, used, bad, absorbed, apart)
        point = x + new.x
    assert info is not None
    new = new._replace(x=point)
    if isinstance(belief, delayed.Belief):
        new = new._replace(x0=belief.x0 + new.x0).settled(belief)
    return new, info


class _FromX0(NamedTuple):
    """Of each component, decorrelated: the innovation after x0, and the squares and the spread of its terms."""

    e: NDArray[Any]
    sizes: list[Any]
    spreads: list[Any]


def _from_x0(
    belief: delayed.Belief,
    linearise: Linearise,
    innovate: Innovate,
    L: NDArray[Any],
    H_white: NDArray[Any],
    used: list[Any],
) -> _FromX0:
    """What an update of a linear sensor needs of the states if all unknown coefficients of a start are 0."""
    value, _ = linearise(belief.x0)
    sizes = term_sizes(ud.whiten(L, mask_rows(value, used)), H_white, belief.x0)
    e = ud.whiten(L, mask_rows(innovate(value), used))
    return _FromX0(e, sizes, ud.spread_of(H_white, belief.U0, belief.D0))


def _partly_absorbed(
    e: NDArray[Any],
    S: NDArray[Any],
    K: NDArray[Any],
    white: White,
    sizes: list[Any],
    spreads: list[Any],
    used: list[Any],
    indefinite: Any,
    absorbed: list[Any],
    apart: Any = False,
) -> UpdateInfo:
    """The information on an update with absorbed components: they add -½ (log 2π + log S∞) to the log-likelihood only.

    If a sensor has such a component, its others are reported one by one: each innovation given those before it. apart:
    whether they are in any case.
    """
    counted = [negated(a) & u for a, u in zip(absorbed, used, strict=True)]
    zero, one = np.full(len(e), 0.0, e.dtype), np.full(len(e), 1.0, e.dtype)
    masks = np.array(absorbed)
    remaining = White(*[select(masks, a, b) for a, b in zip((zero, one, one), white, strict=True)])
    faults = judge(white.eps, white.S, white.r, sizes, spreads, counted, len(K), indefinite)
    any_absorbed = any_of([*absorbed, apart])
    separate = np.full(S.shape, 0.0, S.dtype)
    separate[np.diag_indices(len(e))] = select(masks, np.inf, remaining.S)
    reported = select(any_absorbed, remaining.eps, e), select(any_absorbed, separate, S)
    return UpdateInfo(
        *reported, K, *likelihood(remaining.eps, white.S, used), faults, remaining, tuple(absorbed)
    )


def update_full(
    belief: FullBelief,
    linearise: Linearise,
    innovate: Innovate,
    R: NDArray[Any],
    used: list[Any],
    iterations: int = 1,
    joseph: bool = True,
    at: NDArray[Any] | None = None,
    difference: Difference = operator.sub,
) -> tuple[FullBelief, UpdateInfo]:
    """The same on a full covariance, all components at once, in Joseph or textbook form."""
    x, P = belief
    equation = textbook.update_joseph if joseph else textbook.update_textbook
    R = mask_noise(whole_noise(R, x), used)
    _, d_R, bad_R = ud.split(R, given=True)
    point, info = x if at is None else at, None
    for _ in range(iterations):
        h, H = linearise(point)
        H = mask_rows(H, used)
        e = mask_rows(innovate(h), used)
        if point is not x:
            e = e - H @ difference(x, point)
        point, P_new, S, K = equation(x, P, H, R, e)
        if info is None:
            L, d, bad_S = ud.split(S)
            eps = ud.whiten(L, e)
            spreads = [total([h_i * h_i * v for h_i, v in zip(row, P.diagonal(), strict=True)]) for row in H]
            faults = judge(
                eps, d, d_R, term_sizes(mask_rows(h, used), H, x), spreads, used, len(x), bad_R | bad_S
            )
            info = UpdateInfo(e, S, K, *likelihood(eps, d, used), faults, White(eps, d, d_R))
    assert info is not None
    return FullBelief(point, P_new), info


def term_sizes(value: NDArray[Any], H: NDArray[Any], x: Any) -> list[Any]:
    """h(x)² + Σ_i h_i² x_i² of each component: the squares of the terms that its innovation is a difference of."""
    if isinstance(x, ArraySymbol):
        return list(value * value + product(H * H, x * x))
    return [total([v * v, *(row * row * x * x)]) for v, row in zip(value, H, strict=True)]
