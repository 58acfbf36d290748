"""What the parameters of a tuned model stand for, such as the coefficients of an autoregression, with standard errors.

    c = c(θ):   Cov ĉ = J Cov θ̂ Jᵀ,   J = ∂c/∂θ

The delta method: Davidson & MacKinnon 2004, §5.6.
"""

from typing import NamedTuple

import numpy as np

from foglight.core.types import Array
from foglight.tuning.optimum import Optimum

_STEP = float(np.finfo(float).eps) ** 0.2  # in coordinates that are logarithms, or numbers of the order of 1
_PAIRS = ((1.0, 2.0 / 3.0), (2.0, -1.0 / 12.0))


class Estimate(NamedTuple):
    """The estimate of a coefficient, and its standard error; NaN where a parameter that it depends on has none."""

    value: float
    std_error: float


def estimates(fit: Optimum) -> dict[str, Estimate]:
    """The estimates of what the parameters of the tuned model stand for; {} in most models."""
    found = fit.model.coefficients
    if not found:
        return {}
    errors = []
    for slopes in _slopes(fit, list(found)):
        on = slopes != 0.0
        errors.append(float(np.sqrt(slopes[on] @ fit.cov[np.ix_(on, on)] @ slopes[on])))
    return {name: Estimate(value, error) for (name, value), error in zip(found.items(), errors, strict=True)}


def _slopes(fit: Optimum, names: list[str]) -> Array:
    """∂c/∂η (c, p) in the coordinates η of the objective, by differences over five points of a smooth function."""
    values, logs = fit.ascent.point.values, fit.objective.logs
    derived, known = fit.model.derived, fit.model.parameters
    assert derived is not None
    J = np.zeros((len(names), len(fit.names)))
    for k in range(len(fit.names)):
        for steps, weight in _PAIRS:
            ends = []
            for sign in (1.0, -1.0):
                moved, step = values.copy(), sign * steps * _STEP
                moved[k] = moved[k] * np.exp(step) if logs[k] else moved[k] + step
                there = derived(known | dict(zip(fit.names, moved.tolist(), strict=True)))
                ends.append(np.array([there[name] for name in names]))
            J[:, k] += weight / _STEP * (ends[0] - ends[1])
    return J
