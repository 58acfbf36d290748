"""Losses of forecasts of which a logarithm or a power is Gaussian, in units of the readings.

With y = g⁻¹(z) ~ N(μ, σ²), the quantile of z at the level τ is g(μ + σ Φ⁻¹(τ)), and, with F its distribution function,

    CRPS = ∫ (F(x) - 1{x >= z})² dx = ∫ (Φ(w) - 1{w >= w_z})² σ g'(μ + σ w) dw,   w_z = (g⁻¹(z) - μ)/σ

Gneiting & Raftery 2007, eq. 20.
"""

import numpy as np

from foglight.core.types import Floats
from foglight.diagnostics.forecast_scores import COVERED, LEVELS, Losses, within
from foglight.model.box_cox import BoxCox

_NODES = 64  # of the quadrature on either side of the reading
_FAR = 12.0  # standard deviations, beyond which a Gaussian distribution function is 0 or 1


def transformed_losses(
    z: Floats, y: Floats, centre: Floats, mean: Floats, std: Floats, scale: BoxCox
) -> Losses:
    """The losses of N forecasts of one measure, all (N, H), NaN where there is no reading or no forecast.

    z, y: the readings, and on the scale of the model.  centre: the mean of the forecast of z.  mean, std: those of y.
    """
    from scipy.special import ndtri

    pinball = np.zeros(z.shape)
    for level, quantile in zip(LEVELS, ndtri(LEVELS), strict=True):
        off = z - scale.back(mean + quantile * std)
        pinball += np.maximum(level * off, (level - 1.0) * off)
    return Losses(
        square=(z - centre) ** 2,
        absolute=np.abs(z - scale.back(mean)),
        pinball=pinball / len(LEVELS),
        crps=transformed_crps(z, y, mean, std, scale),
        covered=np.array([within(y - mean, std, p) for p in COVERED]),
    )


def transformed_crps(z: Floats, y: Floats, mean: Floats, std: Floats, scale: BoxCox) -> Floats:
    """The continuous ranked probability score of a reading z whose y is forecast as N(mean, std²)."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        w = np.clip((y - mean) / std, -_FAR, _FAR)[..., None]
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    score = np.zeros(z.shape)
    far = np.full(w.shape, _FAR)
    for low, high, sign in ((-far, w, 1.0), (w, far, -1.0)):
        half = 0.5 * (high - low)
        at = low + half * (nodes + 1.0)
        y_at = mean[..., None] + std[..., None] * at
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            slope = np.where(scale.back(y_at) > 0.0, np.exp(-scale.log_slope(y_at)), 0.0)
        score += ((ndtr(sign * at) ** 2 * slope) @ weights) * half[..., 0] * std
    first, last = (scale.back(mean + off * std) for off in (-_FAR, _FAR))  # beyond them F is 0 or 1
    score += np.maximum(first - z, 0.0) + np.maximum(z - last, 0.0)
    return np.where(std == 0.0, np.abs(z - scale.back(mean)), score)
