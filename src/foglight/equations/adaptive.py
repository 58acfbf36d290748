"""Noises estimated from the innovations: the scale s of R = s R₀ of each sensor, and q of Q = q Q₀ of the motion.

The size of an innovation e of m components says how large R is, and its correlation with earlier ones how large Q is
(Mehra 1970): where Q is too small, the mean lags behind, and innovations follow one another with the same sign. With
the share a of a new reading,

    s⁺ = s (1 + (a/m) (ω/c eᵀ S⁻¹ R S⁻¹ e - tr S⁻¹ R))          ω = min(1, b/NIS)
    q⁺ = q (1 + 2 a τ / (1 + 2 γ²))                             τ = gᵀ S⁻¹ e within ±β γ,   γ² = gᵀ S⁻¹ g,   g = H p

where p = ∂x/∂log q is the slope of the mean. Both brackets are derivatives of log N(e; 0, S), so their mean is 0 where
the noises are right, and S - R is never subtracted from anything. With ω = c = 1 the first is a step from R towards
E[v vᵀ | z] = r rᵀ + H P⁺ Hᵀ, r = z - h(x⁺), as in expectation–maximisation (Shumway & Stoffer 1982). ω bounds what one
reading adds; c is its mean under a Gaussian, so that it adds no bias. tr S⁻¹ R <= m and γ/(1 + 2 γ²) <= 1/√8 keep both
scales positive for a <= ½.

The slope is that of a recursive prediction-error method (Ljung & Söderström 1983), for a P that is proportional to q:

    p⁻ = F p,   p⁺ = (I - K H) p + K R S⁻¹ e
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations.gaussian import UpdateInfo
from foglight.equations.measurement import mask_rows
from foglight.equations.ud import split, whiten
from foglight.trace.ops import maximum, minimum, product, reciprocal, sqrt, total


class Whitened(NamedTuple):
    """An innovation and its noise in units of S = L diag(1/w) Lᵀ: y = diag(w) L⁻¹ e, M = L⁻¹ R L⁻ᵀ."""

    L: NDArray[Any]
    w: NDArray[Any]
    y: NDArray[Any]
    M: NDArray[Any]

    @classmethod
    def of(cls, info: UpdateInfo, R: NDArray[Any], used: list[Any]) -> "Whitened":
        """Of an update with noise R (m, m); a missing component has neither an innovation nor noise."""
        L, d, _ = split(info.S)
        w = np.array([reciprocal(v) for v in d], L.dtype)
        R = mask_rows(mask_rows(R, used).T, used).T
        return cls(L, w, w * whiten(L, info.innovation), whiten(L, whiten(L, R).T))


def scale_of_noise(s: Any, at: Whitened, share: float, weight: Any) -> Any:
    """s⁺. weight: ω/c."""
    m = len(at.y)
    size = total(list(at.y * product(at.M, at.y)))
    expected = total(list(at.w * at.M.diagonal()))
    return s * (1.0 + (share / m) * (weight * size - expected))


def scale_of_motion(q: Any, at: Whitened, g: NDArray[Any], share: float, bound: float) -> Any:
    """q⁺. g (m,): the slope of h(x). bound: β."""
    g = whiten(at.L, g)
    square = total(list(at.w * g * g))
    most = bound * sqrt(square)
    tau = maximum(minimum(total(list(g * at.y)), most), -most)
    return q * (1.0 + 2.0 * share * tau / (1.0 + 2.0 * square))


def slopes_after(p: Any, g: NDArray[Any], at: Whitened, K: Any) -> Any:
    """p⁺ (n,) of an update with the gain K (n, m)."""
    return p + product(K, product(at.L, product(at.M, at.y)) - g)


def within(scale: Any, bounds: tuple[float, float]) -> Any:
    """The scale within its bounds."""
    return minimum(maximum(scale, bounds[0]), bounds[1])
