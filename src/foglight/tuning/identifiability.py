"""Parameters that the data cannot tell apart: which, what trades for what, and what of them is known all the same.

Along a direction in which the information is nothing the likelihood is flat, though along each parameter alone it is
not. Rothenberg 1971: a model is identified where its information is regular.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.tuning.optimum import Optimum

_TIED = 30.0  # how much wider an interval is because another parameter could do the same
_EXACTLY = 1e-9  # of the scaled information: rounding
_PART = 0.02  # of the largest step of a direction: what is less has no part in it
_WHOLE = 0.05  # how far from a whole number an exponent or factor is still told as one
_AWAY = 0.5  # by how much a logarithm is moved to see whether the likelihood is flat there too
_FLAT = 0.01  # what it may change by


def unidentified(fit: Optimum) -> list[str]:
    """A sentence for each direction of which the data know next to nothing."""
    point, objective = fit.ascent.point, fit.objective
    free, told = np.flatnonzero(objective.free(point)), []
    if len(free) < 2:
        return []
    information = point.information[np.ix_(free, free)]
    scale = 1.0 / np.sqrt(np.diag(information))
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    for value, vector in zip(values, vectors.T, strict=True):
        if value > 1.0 / _TIED**2:
            break
        direction = scale * vector
        direction /= direction[np.argmax(np.abs(direction))]
        part = np.flatnonzero(np.abs(direction) > _PART)
        direction *= np.sign(direction[part[0]])
        names = [fit.names[i] for i in free[part]]
        how = "cannot" if value < _EXACTLY else "can hardly"
        told.append(
            f"The data {how} tell {_listed(names)} apart: {_trade(fit, free[part], direction[part])}. "
            f"Fix one of them, free=… without {names[-1]}, or give it a prior."
        )
    return told


def _trade(fit: Optimum, part: NDArray[np.int64], direction: Floats) -> str:
    """What may be exchanged for what; and of two, what is known."""
    names, logs = [fit.names[i] for i in part], fit.objective.logs[part]
    moves = [
        f"{name} {'up' if d > 0 else 'down'} {10 * abs(d):.2g} %" if log else f"{name} by {d:+.3g}"
        for name, d, log in zip(names, direction, logs, strict=True)
    ]
    flat = f"{', '.join(moves)} at once changes next to nothing"
    return (
        f"{flat}; what is known is {_known(fit, part, direction)}" if len(part) == 2 and logs.all() else flat
    )


def _known(fit: Optimum, part: NDArray[np.int64], direction: Floats) -> str:
    """Of two standard deviations or factors: their product or quotient, or the sum of their squares, whichever leaves
    the likelihood as it is far away too; else what does so nearby."""
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
        return f"{first}² + {_told(factor)}{second}²"
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


def _told(factor: float) -> str:
    return "" if _rounded(factor) == 1 else f"{_rounded(factor):.3g} "


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}"
