"""Where the sensors of a plane are: found from what they measure and how that changes, whoever wrote their functions.

A distance r = |x - a| has the gradient g = (x - a)/r, so a = x - r g, with |g| = 1. A direction about a has
g = (-(y - a_y), x - a_x)/r², so a = x - (g_y, -g_x)/|g|². A measure is one of these if its a is the same everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.inference.linearised import sensor_jacobians
from foglight.inference.measured import values_along
from foglight.inference.run import Run
from foglight.model.model import opaque_functions

_POINTS = (
    (3.1, 1.7),
    (-2.3, 4.9),
    (5.3, -3.7),
    (-4.1, -2.9),
)  # where functions are asked, in units of the spread
_SAME = 1e-6  # of the spread


@dataclass(frozen=True)
class FixedSensor:
    """A sensor at a fixed position of a plane. x, y: indices of the states; at: its position.

    distance, direction: the components that measure these, None if it measures only the other; facing (rad): the
    direction from which directions are measured.
    """

    name: str
    x: int
    y: int
    at: tuple[float, float]
    distance: int | None
    direction: int | None
    facing: float
    _last: list[Floats] = field(default_factory=list, compare=False, repr=False)

    def positions(self, z: Floats) -> Floats | None:
        """The positions (T, 2) that readings z (T, M) give; None if the sensor measures only one of the two.

        Those of the last readings are kept, since several pictures show them, and a live page at every move.
        """
        if self.distance is None or self.direction is None:
            return None
        read = z[:, [self.distance, self.direction]]
        if not self._last or not np.array_equal(self._last[0], read, equal_nan=True):
            r, a = read[:, 0], read[:, 1] + self.facing
            xy = np.stack([self.at[0] + r * np.cos(a), self.at[1] + r * np.sin(a)], axis=1)
            self._last[:] = [read, xy]
        return self._last[1]

    def marked(self, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The rows (T,) in which one of its two readings is among those of which (T, M)."""
        measures = [j for j in (self.distance, self.direction) if j is not None]
        return np.asarray(which[:, measures].any(axis=1))


def fixed_sensors(run: Run) -> list[FixedSensor]:
    """The sensors that measure distances or directions from a fixed position of a plane."""
    model = run.model
    if opaque_functions(model) or model.charts.parts or not len(run._arrays.dt):
        return []
    h, H, points = _asked(run)
    found = []
    for sensor, at in model.blocks:
        seen: dict[str, tuple[int, tuple[float, float]]] = {}
        states: set[tuple[int, ...]] = set()
        for j in range(at.start, at.stop):
            pair = tuple(np.flatnonzero((H[:, j] != 0.0).any(axis=0)).tolist())
            if len(pair) != 2:
                continue
            for kind, position in _positions(h[:, j], H[:, j][:, pair], points[:, pair]):
                seen.setdefault(kind, (j, position))
                states.add(pair)
        positions = [position for _, position in seen.values()]
        if len(states) == 1 and all(np.allclose(position, positions[0]) for position in positions):
            [(x, y)] = states
            distance, direction = (
                seen[kind][0] if kind in seen else None for kind in ("distance", "direction")
            )
            facing = 0.0
            if direction is not None:
                d = points[0, [x, y]] - positions[0]
                facing = float(np.arctan2(d[1], d[0]) - h[0, direction])
            found.append(FixedSensor(sensor.name, x, y, positions[0], distance, direction, facing))
    return found


def _asked(run: Run) -> tuple[Floats, Floats, Floats]:
    """h (4, M) and H (4, M, n) of all sensors at four points (4, n) about the path of the run."""
    model, n, M = run.model, len(run.model.state), len(run.model.components)
    program = sensor_jacobians(model)
    mean = run.filtered.mean.reshape(-1, n)
    mean = mean[np.isfinite(mean).all(axis=1)]
    middle = np.median(mean, axis=0) if len(mean) else np.zeros(n)
    spread = np.maximum(np.ptp(mean, axis=0).max() if len(mean) else 1.0, np.abs(middle).max()) or 1.0
    pattern = np.array(_POINTS)
    points = middle + spread * pattern[:, np.arange(n) % 2] * (1.0 + 0.13 * np.arange(n))
    h, H = np.full((len(points), M), np.nan), np.full((len(points), M, n), np.nan)
    row = run._arrays.rows_of(0, 1)
    for k, point in enumerate(points):
        given = values_along(program, row, point[None, None])
        h[k], H[k] = (
            np.reshape([np.asarray(v, float).flat[0] for v in given[name]], shape)
            for name, shape in (("h", (M,)), ("H", (M, n)))
        )
    return h, H, points


def _positions(h: Floats, g: Floats, x: Floats) -> Iterator[tuple[str, tuple[float, float]]]:
    """What a measure with the values h (4,) and gradients g (4, 2) at x (4, 2) may be, and from where."""
    square = (g * g).sum(axis=1)
    if not (np.isfinite(h).all() and np.isfinite(g).all() and (square > 0.0).all()):
        return
    turned = np.stack([g[:, 1], -g[:, 0]], axis=1)
    for kind, at, sound in (
        ("distance", x - h[:, None] * g, np.allclose(square, 1.0)),
        ("direction", x - turned / square[:, None], True),
    ):
        if sound and np.ptp(at, axis=0).max() <= _SAME * np.ptp(x, axis=0).max():
            yield kind, (float(at[0, 0]), float(at[0, 1]))
