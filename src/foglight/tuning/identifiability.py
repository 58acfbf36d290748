"""Identifiability: parameters that the data cannot tell apart, how they trade off, and which combination is known.

A model is identified if its information matrix is regular (Rothenberg 1971). Along a direction of zero information the
likelihood is flat, even if it is not along any single parameter.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.tuning.optimum import Optimum

_INFLATION = 30.0  # factor by which trading off against other parameters widens an interval
_EXACTLY = 1e-9  # eigenvalue of the scaled information that is rounding
_PART = 0.02  # share of the largest entry of a direction below which a parameter has no part in it
_WHOLE = 0.05  # how far from a whole number an exponent or factor is still written as one
_AWAY = 0.5  # by how much a logarithm is moved to test whether the likelihood is flat there too
_FLAT = 0.01  # change of a flat log-likelihood, at most


def unidentified(fit: Optimum) -> list[str]:
    """A sentence for each direction of parameters about which the data say almost nothing."""
    point, objective = fit.ascent.point, fit.objective
    free, sentences = np.flatnonzero(objective.free(point)), []
    if len(free) < 2:
        return []
    information = point.information[np.ix_(free, free)]
    scale = 1.0 / np.sqrt(np.diag(information))
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    for value, vector in zip(values, vectors.T, strict=True):
        if value > 1.0 / _INFLATION**2:
            break
        direction = scale * vector
        direction /= direction[np.argmax(np.abs(direction))]
        part = np.flatnonzero(np.abs(direction) > _PART)
        direction *= np.sign(direction[part[0]])
        names = [fit.names[i] for i in free[part]]
        how = "cannot" if value < _EXACTLY else "can hardly"
        change = _trade_off(fit, free[part], direction[part])
        if len(names) == 1:
            sentences.append(
                f"The data {how} determine {names[0]}: {change}. Fix it, free=… without {names[0]}, or give it a prior."
            )
            continue
        sentences.append(
            f"The data {how} tell {_listed(names)} apart: {change}. "
            f"Fix one of them, free=… without {names[-1]}, or give it a prior."
        )
    return sentences


def _trade_off(fit: Optimum, part: NDArray[np.int64], direction: Floats) -> str:
    """How the parameters trade off, and of two, which combination is known."""
    names, logs = [fit.names[i] for i in part], fit.objective.logs[part]
    moves = [
        f"{name} {'up' if d > 0 else 'down'} {10 * abs(d):.2g} %" if log else f"{name} by {d:+.3g}"
        for name, d, log in zip(names, direction, logs, strict=True)
    ]
    flat = f"{', '.join(moves)}{' together' * (len(moves) > 1)} changes almost nothing"
    return (
        f"{flat}; what is known is {_known(fit, part, direction)}" if len(part) == 2 and logs.all() else flat
    )


def _known(fit: Optimum, part: NDArray[np.int64], direction: Floats) -> str:
    """The combination of two standard deviations or factors that is known: their product, quotient or sum of squares.

    It is the one along which the likelihood stays flat far away; otherwise the one along which it is flat nearby."""
    point, (first, second) = fit.ascent.point, (fit.names[i] for i in part)
    a, b = point.values[part]
    ratio = -float(direction[0] / direction[1])
    changes = []
    further = a * np.exp(ratio * _AWAY), b * np.exp(-_AWAY)  # a b^ratio stays
    changes.append(_change(fit, part, further))
    factor = ratio * a**2 / b**2  # a² + factor b² stays
    if factor > 0.0:
        less = b * np.exp(-_AWAY)
        changes.append(_change(fit, part, (np.sqrt(a**2 + factor * (b**2 - less**2)), less)))
    if min(changes) < _FLAT and changes.index(min(changes)) == 1:
        return f"{first}² + {_factor_text(factor)}{second}²"
    power = abs(ratio)
    product = f"{first} {'·' if ratio > 0 else '/'} {second}{'' if _rounded(power) == 1 else f'^{_rounded(power):.2g}'}"
    return product if changes[0] < _FLAT else f"{product}, near these values"


def _change(fit: Optimum, part: NDArray[np.int64], values: tuple[float, float]) -> float:
    moved = fit.ascent.point.values.copy()
    moved[part] = values
    change = abs(fit.objective.at(moved).value - fit.ascent.point.value)
    return change if np.isfinite(change) else np.inf


def _rounded(value: float) -> float:
    return round(value) if abs(value - round(value)) < _WHOLE * max(1.0, value) and round(value) else value


def _factor_text(factor: float) -> str:
    return "" if _rounded(factor) == 1 else f"{_rounded(factor):.3g} "


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}"
