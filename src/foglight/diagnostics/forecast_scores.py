"""Scores of Gaussian forecasts: how far off, how probable, and how often within their intervals.

With the error e = z - μ, w = e/σ, Φ and φ of N(0, 1), and q_τ the forecast's quantile at the level τ:

    CRPS = σ [w (2 Φ(w) - 1) + 2 φ(w) - 1/√π]        Gneiting & Raftery 2007, eq. 5, with the other sign: less is better
    pinball loss at τ = (τ - 1{z < q_τ}) (z - q_τ)   Koenker & Bassett 1978
    MASE = mean |e| / scale                          Hyndman & Koehler 2006; scale: of the naive forecast until then
"""

from dataclasses import dataclass

import numpy as np

from foglight.core.types import Floats

LEVELS = np.arange(1, 10) / 10.0  # at which the pinball loss is taken, and averaged
COVERED = (0.80, 0.95)  # probabilities of the intervals


@dataclass(frozen=True)
class ForecastScores:
    """Scores by step and measure, each (H, M), means over the forecasts that met a reading; NaN where none did.

    count: the number of those.  covered (2, H, M): the share of readings within the intervals of 80 and 95 %.
    """

    count: Floats
    rmse: Floats
    mae: Floats
    mase: Floats
    pinball: Floats
    crps: Floats
    covered: Floats


@dataclass(frozen=True)
class Losses:
    """What each of N forecasts lost: (N, H, M), covered (2, N, H, M); NaN where there is no reading or no forecast."""

    square: Floats
    absolute: Floats
    pinball: Floats
    crps: Floats
    covered: Floats

    def with_measure(self, j: int, own: "Losses") -> "Losses":
        """The same with the losses of measure j, of (N, H), in place of what is there."""
        for name, losses in self.__dict__.items():
            losses[..., j] = getattr(own, name)
        return self


def scores_of(error: Floats, std: Floats, scale: Floats) -> ForecastScores:
    """The scores of N Gaussian forecasts: errors z - μ and standard deviations (N, H, M), NaN where there is no reading
    or no forecast; scale (N, 1, M) of each forecast for MASE, NaN where it is not known."""
    return mean_scores(gaussian_losses(error, std), scale)


def mean_scores(losses: Losses, scale: Floats) -> ForecastScores:
    """The scores of N forecasts from their losses. scale: as in `scores_of`."""
    known = ~np.isnan(losses.square)
    return ForecastScores(
        count=known.sum(axis=0).astype(float),
        rmse=np.sqrt(_mean(losses.square)),
        mae=_mean(losses.absolute),
        mase=_mean(losses.absolute / np.where(scale > 0.0, scale, np.nan)),
        pinball=_mean(losses.pinball),
        crps=_mean(losses.crps),
        covered=np.array([_mean(np.where(known, inside, np.nan)) for inside in losses.covered]),
    )


def gaussian_losses(error: Floats, std: Floats) -> Losses:
    """The losses of Gaussian forecasts from z - μ and σ (N, H, M)."""
    known = ~np.isnan(error + std)
    e, sigma = np.where(known, error, np.nan), np.where(known, std, np.nan)
    covered = np.array([within(e, sigma, p) for p in COVERED])
    return Losses(e * e, np.abs(e), pinball(e, sigma), crps(e, sigma), covered)


def crps(error: Floats, std: Floats) -> Floats:
    """The continuous ranked probability score of N(μ, σ²), from z - μ and σ; |z - μ| where σ is 0."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        w = error / std
        density = np.exp(-0.5 * w * w) / np.sqrt(2.0 * np.pi)
        score = std * (w * (2.0 * ndtr(w) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi))
    return np.where(std == 0.0, np.abs(error), score)


def pinball(error: Floats, std: Floats) -> Floats:
    """The mean pinball loss of N(μ, σ²) at the levels 0.1 … 0.9, from z - μ and σ."""
    from scipy.special import ndtri

    total = np.zeros(np.shape(error))
    for level, quantile in zip(LEVELS, ndtri(LEVELS), strict=True):
        off = error - quantile * std
        total += np.maximum(level * off, (level - 1.0) * off)
    return total / len(LEVELS)


def within(error: Floats, std: Floats, probability: float) -> Floats:
    """1 where the reading is within the interval of this probability, else 0."""
    from scipy.special import ndtri

    return np.asarray(np.abs(error) <= ndtri(0.5 + 0.5 * probability) * std, float)


def _mean(values: Floats) -> Floats:
    """The mean over the first axis of what is not NaN; NaN where nothing is left."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    return np.asarray(np.where(known, values, 0.0).sum(axis=0) / np.where(count > 0, count, np.nan))
