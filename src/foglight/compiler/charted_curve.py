"""The function of a motion with rotations, from coordinates to coordinates: x -> f(a ⊞ x) ⊟ a', a' = f(a ⊞ mean).

Its derivative is that of f(a ⊞ x), projected on the tangent at a'; the mean has the coordinates 0 there. Sigma points
are brought to the tangent one by one.
"""

from typing import Any

import numpy as np

from foglight.core.types import Array
from foglight.equations.spheres import Sphere, dot
from foglight.methods.method import Curve
from foglight.model.charts import Charts


class ChartedCurve:
    """The function of a motion in coordinates. curve: the same from the coordinates to what functions see."""

    def __init__(self, curve: Curve, charts: Charts) -> None:
        self.curve = curve
        self.charts = charts
        self.angles = tuple(i for i, j in charts.plain if j in curve.angles)
        self.after: list[Any] = []  # the anchors a' of the last call

    def linearise(self, x: Array) -> tuple[Array, Array]:
        y, G = self.curve.linearise(x)
        self.after = self.charts.anchors(y)
        return self._centre(y), self.charts.slopes(y, G, self.after)

    def spread(self, x: Array, columns: Array) -> tuple[Array, Array, Array]:
        y, s, d = self.curve.spread(x, columns)
        self.after = self.charts.anchors(y)
        shape = (len(self.charts.state), columns.shape[1])
        even, odd = (np.empty(shape, dtype=y.dtype) for _ in range(2))
        for i, j in self.charts.plain:
            even[i], odd[i] = list(s[j]), list(d[j])
        for part in self.charts.parts:
            centre, anchor = list(y[part.ambient]), self.after[part.anchor]
            for k in range(columns.shape[1]):
                entries = [(s[j, k], d[j, k]) for j in range(part.ambient.start, part.ambient.stop)]
                plus = _moved(part.sphere, centre, anchor, [a + b for a, b in entries])
                minus = _moved(part.sphere, centre, anchor, [a - b for a, b in entries])
                even[part.state, k] = [0.5 * (a + b) for a, b in zip(plus, minus, strict=True)]
                odd[part.state, k] = [0.5 * (a - b) for a, b in zip(plus, minus, strict=True)]
        return self._centre(y), even, odd

    def _centre(self, y: Array) -> Array:
        return np.array(self.charts.coordinates(y), dtype=y.dtype)


def _moved(sphere: Sphere, y: list[Any], anchor: list[Any], step: list[Any]) -> list[Any]:
    """The coordinates of y + step at the anchor, which is in the direction of y: no part of y is across it."""
    along = dot(anchor, y) + dot(anchor, step)
    return sphere.coordinates(along, [dot(b, step) for b in sphere.frame(anchor)])
