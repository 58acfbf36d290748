"""Intervals of Gaussians: mean ± z std, within limits."""

from typing import Any

import numpy as np

from foglight.core.checks import is_number
from foglight.core.errors import ModelError
from foglight.core.types import Array, Floats
from foglight.model.charts import Charts


def reach(probability: Any) -> float:
    """The z with P(|N(0, 1)| <= z) = probability; ModelError if that is not between 0 and 1."""
    from scipy.special import ndtri

    if not (is_number(probability) and 0.0 < probability < 1.0):
        raise ModelError.expected(
            "probability", probability, "a number between 0 and 1", "Write 0.95 for 95 %."
        )
    return float(ndtri(0.5 + 0.5 * probability))


def interval_of(
    mean: Floats, std: Floats, probability: float, ends: Array | None, charts: Charts
) -> tuple[Floats, Floats]:
    """The lower and upper ends (…, k) of intervals that hold N(mean, std²) with this probability.

    ends (k, 2): limits at which they are cut off, or None.  charts: which values are rotations; ModelError for these.
    """
    z = reach(probability)
    for part in charts.parts[:1]:
        raise ModelError(
            f"interval: {part.name} is a rotation, whose numbers have no intervals of their own: expected states "
            f"that are numbers. Use mean, and std for {', '.join(charts.state[part.state])}.",
            field="interval", value=part.name,
        )  # fmt: skip
    low, high = mean - z * std, mean + z * std
    if ends is not None:
        low, high = np.maximum(low, ends[:, 0]), np.minimum(high, ends[:, 1])
    return low, high
