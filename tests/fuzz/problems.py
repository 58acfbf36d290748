"""Random linear systems whose every number is exact: small whole numbers times powers of two.

So F(dt) = A + dt B, Q(dt) = dt G V G' and all covariances hold no rounding, and a reference computes with the same
numbers as the library.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

import foglight as fog

Array = NDArray[np.float64]
STEPS = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0)  # seconds; exact in nanoseconds and in float64


@dataclass(frozen=True)
class Sizes:
    """States, measures of each sensor, rank of the process noise, and how far scales lie apart (in bits)."""

    n: int
    m: tuple[int, ...]
    rank: int
    spread: int


@st.composite
def sizes(draw: st.DrawFn) -> Sizes:
    n = draw(st.integers(1, 5))
    m = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))
    return Sizes(n, m, draw(st.integers(0, n)), draw(st.integers(0, 12)))


seeds = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Draws:
    """Matrices of one system, drawn with a seed."""

    sizes: Sizes

    def whole(self, rng: np.random.Generator, *shape: int, most: int = 8) -> Array:
        return rng.integers(-most, most, shape, endpoint=True).astype(float)

    def scales(self, rng: np.random.Generator, count: int) -> Array:
        half = self.sizes.spread // 2
        return np.ldexp(1.0, rng.integers(-half, half, count, endpoint=True))

    def covariance(self, rng: np.random.Generator, n: int, rank: int) -> Array:
        """G V G' with G unit lower triangular where the rank is full."""
        G = np.tril(self.whole(rng, n, n, most=3) / 2.0, -1) + np.eye(n)
        v = self.scales(rng, n) ** 2
        v[rank:] = 0.0
        s = self.scales(rng, n) if self.sizes.spread % 2 else np.ones(n)
        return s[:, None] * ((G * v) @ G.T) * s

    def start(self, rng: np.random.Generator) -> tuple[Array, Array]:
        n = self.sizes.n
        return self.whole(rng, n) / 2.0, self.covariance(rng, n, n)

    def motion(self, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """A, B of F(dt) = A + dt B, and Q of one second. No state grows fast, and none is forgotten at once."""
        n = self.sizes.n
        A = 0.75 * np.eye(n) + self.whole(rng, n, n, most=1) / 8.0
        B = np.triu(self.whole(rng, n, n, most=1) / 8.0, 1)
        return A, B, self.covariance(rng, n, self.sizes.rank)

    def sensor(self, rng: np.random.Generator, m: int) -> tuple[Array, Array, Array]:
        """H, R, d."""
        H = self.whole(rng, m, self.sizes.n, most=4) / 2.0
        return H, self.covariance(rng, m, m), self.whole(rng, m) / 8.0

    def reading(self, rng: np.random.Generator, twin: Any, H: Array, R: Array, d: Array) -> Array:
        """A measurement as the twin's belief would expect it, some components missing."""
        mean, cov = (np.array(a, dtype=float) for a in (twin.mean, twin.cov))
        S = H @ cov @ H.T + R
        z = H @ mean + d + np.sqrt(np.diag(S)) * rng.standard_normal(len(d))
        z[rng.random(len(d)) < 0.25] = np.nan
        return np.asarray(z)


@dataclass(frozen=True)
class System:
    """A motion and sensors, as numbers and as a model."""

    A: Array
    B: Array
    Q: Array
    b: Array
    sensors: tuple[tuple[Array, Array, Array], ...]
    mean: Array
    cov: Array
    model: Any

    def F(self, dt: float) -> Array:
        return self.A + dt * self.B


def system(given: Sizes, seed: int) -> System:
    """A system of these sizes, its parts written as a user would write them."""
    rng, draws = np.random.default_rng(seed), Draws(given)
    A, B, Q = draws.motion(rng)
    b = draws.whole(rng, given.n) / 8.0
    sensors = tuple([draws.sensor(rng, m) for m in given.m])
    mean, cov = draws.start(rng)
    motion = fog.Motion(
        tuple(f"s{i}" for i in range(given.n)),
        lambda x, dt, p: (A + dt * B) @ x + b,
        lambda x, dt, p: dt * Q,
    )
    parts = [_sensor(f"seen{i}", *sensor) for i, sensor in enumerate(sensors)]
    return System(A, B, Q, b, sensors, mean, cov, fog.Model(motion, parts, fog.Belief(mean, cov=cov)))


def _sensor(name: str, H: Array, R: Array, d: Array) -> Any:
    measures = tuple(f"{name}_{i}" for i in range(len(d)))
    return fog.Sensor(name, measures, lambda x, p: H @ x + d, lambda x, p: R)
