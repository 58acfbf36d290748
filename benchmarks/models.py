"""The shared problems: every contender filters exactly these models and these numbers.

`chain`: n/2 axes of constant velocity, every position measured; `dense`: random matrices. `turning`: constant turn rate
and velocity (CTRV), seen by a radar that reports range, bearing and range rate. `ring`: any number of states, each
pushed by the sine of the next. Data come from a fixed seed.
The belief at the start belongs to the first row: nothing is predicted before it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SENSOR_AT = (0.0, 0.0)
STRAIGHT = 1e-6  # below this turn rate (rad/s) the arc is taken for a line
ACCEL_STD, TURN_STD = 1.5, 0.4  # of the CTRV motion within one step: m/s2, rad/s2


@dataclass(frozen=True)
class Linear:
    """x' = F x + w, z = H x + v; states are all positions, then all speeds.

    z (T, m) or (tracks, T, m); Q (n, n) is the exact integral of white acceleration of density accel**2. A dense model
    has accel 0, and axes is its m.
    """

    axes: int
    dt: float
    accel: float
    sigmas: Array
    F: Array
    Q: Array
    H: Array
    R: Array
    mean: Array
    cov: Array
    z: Array

    @property
    def n(self) -> int:
        return len(self.F)

    @property
    def is_chain(self) -> bool:
        """Whether it is constant velocity on each axis; else its matrices are dense."""
        return self.accel > 0.0


@dataclass(frozen=True)
class Turning:
    """CTRV with a radar. State x, y (m), speed (m/s), heading (rad), turn (rad/s).

    `noise` is "constant" (Q below, for every contender) or "state": Q = G diag(ACCEL_STD**2, TURN_STD**2) G'
    with G turned by the heading, which not every library can express.
    """

    dt: float
    noise: str
    Q: Array
    R: Array
    mean: Array
    cov: Array
    z: Array

    def f(self, x: Array) -> Array:
        return np.array(ctrv(np, x, self.dt))

    def F(self, x: Array) -> Array:
        return ctrv_jacobian(x, self.dt)

    def h(self, x: Array) -> Array:
        return np.array(radar(np, x))

    def H(self, x: Array) -> Array:
        return radar_jacobian(x)

    def noise_at(self, x: Array) -> Array:
        """Q at this state."""
        if self.noise == "constant":
            return self.Q
        G, variances = (np.array(part) for part in turning_noise(np, x[3], self.dt))
        return np.asarray(G * variances @ G.T)


@dataclass(frozen=True)
class Ring:
    """x_i' = x_i + dt sin x_{i+1} + w_i around a ring of n states; the first and the middle one are measured."""

    dt: float
    Q: Array
    R: Array
    mean: Array
    cov: Array
    z: Array

    @property
    def n(self) -> int:
        return len(self.mean)

    @property
    def measured(self) -> list[int]:
        return [0, self.n // 2]

    def f(self, x: Array) -> Array:
        return x + self.dt * np.sin(np.roll(x, -1, axis=0))

    def F(self, x: Array) -> Array:
        """d f / d x (n, n), derived by hand."""
        F, i = np.eye(self.n), np.arange(self.n)
        F[i, i - self.n + 1] = self.dt * np.cos(np.roll(x, -1))
        return F

    def h(self, x: Array) -> Array:
        return x[self.measured]

    def H(self, x: Array) -> Array:
        return np.eye(self.n)[self.measured]

    def noise_at(self, x: Array) -> Array:
        return self.Q


def full_cov(stds: Array, seed: int) -> Array:
    """A covariance with the given standard deviations and no zero correlation."""
    mix = np.random.default_rng(seed).normal(size=(len(stds), 2 * len(stds)))
    cov = mix @ mix.T
    scale = stds / np.sqrt(np.diag(cov))
    return np.asarray((cov * np.outer(scale, scale) + (cov * np.outer(scale, scale)).T) / 2)


def chain(
    rows: int, *, axes: int = 2, tracks: int | None = None, crossed: bool = False, seed: int = 20
) -> Linear:
    """Constant velocity on each axis, positions measured; one series or many.

    The start is correlated within each axis, and with `crossed` between the axes too: good for checking answers,
    not for timing, because these cross terms decay, from row 2500 on as subnormal numbers, slow on any processor.
    """
    rng = np.random.default_rng(seed)
    dt, accel, eye = 0.1, 0.7, np.eye(axes)
    F = np.block([[eye, dt * eye], [0 * eye, eye]])
    Q = accel**2 * np.block([[dt**3 / 3 * eye, dt**2 / 2 * eye], [dt**2 / 2 * eye, dt * eye]])
    H = np.hstack([eye, 0 * eye])
    sigmas = np.asarray(0.5 + 0.2 * np.arange(axes), dtype=np.float64)
    mean = np.concatenate([np.arange(1.0, axes + 1), np.linspace(0.5, -0.3, axes)])
    cov = full_cov(np.concatenate([np.full(axes, 3.0), np.full(axes, 1.0)]), seed)
    if not crossed:
        cov = np.where(np.kron(np.ones((2, 2)), eye) > 0, cov, 0.0)

    shape = (tracks or 1,)
    x = mean + rng.normal(size=(*shape, 2 * axes)) @ np.linalg.cholesky(cov).T
    shake = np.linalg.cholesky(Q).T
    z = np.empty((*shape, rows, axes))
    for k in range(rows):
        if k:
            x = x @ F.T + rng.normal(size=x.shape) @ shake
        z[:, k] = x @ H.T
    z += rng.normal(size=z.shape) * sigmas
    return Linear(axes, dt, accel, sigmas, F, Q, H, np.diag(sigmas**2), mean, cov, z if tracks else z[0])


def dense(rows: int, states: int, measured: int, *, seed: int = 24) -> Linear:
    """Random matrices without a zero, Q of full rank; some components are missing, so that nothing settles."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(states, states))
    F = 0.95 * A / np.abs(np.linalg.eigvals(A)).max()
    B, H = rng.normal(size=(states, states)), rng.normal(size=(measured, states))
    Q, cov = B @ B.T / states, full_cov(np.ones(states), seed)
    sigmas = np.sqrt(0.5 + rng.random(measured))
    z = rng.normal(size=(rows, measured)) * 3.0
    z[rng.random(z.shape) < 0.02] = np.nan
    return Linear(
        measured, 1.0, 0.0, sigmas, F, (Q + Q.T) / 2, H, np.diag(sigmas**2), np.zeros(states), cov, z
    )


def turning(rows: int, *, noise: str = "constant", seed: int = 21) -> Turning:
    """A target on an ellipse in front of the radar: always moving, always turning, bearing far from its seam."""
    rng = np.random.default_rng(seed)
    dt, rate = 0.05, 0.25
    phase = rate * dt * np.arange(rows)
    x, y = 60 + 25 * np.cos(phase), 10 + 18 * np.sin(phase)
    vx, vy = -25 * rate * np.sin(phase), 18 * rate * np.cos(phase)
    distance = np.hypot(x, y)
    truth = np.stack([distance, np.arctan2(y, x), (x * vx + y * vy) / distance], axis=1)
    stds = np.array([0.3, 0.01, 0.1])
    R = np.diag(stds**2)
    mean = np.array([x[0], y[0], np.hypot(vx[0], vy[0]), np.arctan2(vy[0], vx[0]), 0.2])
    cov = full_cov(np.array([0.5, 0.5, 0.3, 0.05, 0.05]), seed)
    Q = full_cov(np.array([4e-3, 4e-3, 0.05, 2e-3, 0.02]), seed + 1)
    return Turning(dt, noise, Q, R, mean, cov, truth + rng.normal(size=truth.shape) * stds)


def ring(rows: int, states: int, *, seed: int = 25) -> Ring:
    """The sines amplify what differs, so steps are short: over 1,000 of them rounding grows a hundredfold."""
    rng = np.random.default_rng(seed)
    dt, R = 0.01, np.diag([0.1, 0.2])
    mean, cov = rng.uniform(-3.0, 3.0, states), full_cov(np.full(states, 0.1), seed)
    empty = Ring(dt, 0.05 * dt * np.eye(states), R, mean, cov, np.empty((rows, 2)))
    x = rng.multivariate_normal(mean, cov)
    for k in range(rows):
        if k:
            x = empty.f(x) + rng.normal(size=states) * np.sqrt(empty.Q.diagonal())
        empty.z[k] = empty.h(x) + rng.normal(size=2) * np.sqrt(R.diagonal())
    return empty


def ctrv(xp: Any, x: Any, dt: Any) -> list[Any]:
    """The motion, once for every array library: `xp` is numpy, or jax.numpy."""
    px, py, speed, heading, turn = x
    line = xp.abs(turn) < STRAIGHT
    safe = xp.where(line, 1.0, turn)
    later = heading + turn * dt
    along = xp.where(line, xp.cos(heading) * dt, (xp.sin(later) - xp.sin(heading)) / safe)
    across = xp.where(line, xp.sin(heading) * dt, (xp.cos(heading) - xp.cos(later)) / safe)
    return [px + speed * along, py + speed * across, speed, later, turn]


def radar(xp: Any, x: Any) -> list[Any]:
    """Range (m), bearing (rad) and range rate (m/s) from a sensor at rest."""
    px, py, speed, heading, _ = x
    dx, dy = px - SENSOR_AT[0], py - SENSOR_AT[1]
    distance = xp.sqrt(dx * dx + dy * dy)
    rate = speed * (dx * xp.cos(heading) + dy * xp.sin(heading)) / distance
    return [distance, xp.arctan2(dy, dx), rate]


def ctrv_jacobian(x: Array, dt: float) -> Array:
    """d ctrv / d x (5, 5), derived by hand for the libraries that ask for it (turn rate not near zero)."""
    _, _, v, a, w = x
    b = a + w * dt
    sin, cos = np.sin(b) - np.sin(a), np.cos(a) - np.cos(b)
    F = np.eye(5)
    F[0, 2:] = sin / w, v / w * (np.cos(b) - np.cos(a)), v / w * (dt * np.cos(b) - sin / w)
    F[1, 2:] = cos / w, v / w * sin, v / w * (dt * np.sin(b) - cos / w)
    F[3, 4] = dt
    return F


def radar_jacobian(x: Array) -> Array:
    """d radar / d x (3, 5), derived by hand."""
    dx, dy, v, a, _ = x[0] - SENSOR_AT[0], x[1] - SENSOR_AT[1], *x[2:]
    r2 = dx * dx + dy * dy
    r = np.sqrt(r2)
    ux, uy = np.cos(a), np.sin(a)
    toward = (dx * ux + dy * uy) / r
    turned = v * (dx * uy - dy * ux) / (r2 * r)
    return np.array(
        [
            [dx / r, dy / r, 0, 0, 0],
            [-dy / r2, dx / r2, 0, 0, 0],
            [-dy * turned, dx * turned, toward, v * (dy * ux - dx * uy) / r, 0],
        ]
    )


def turning_noise(xp: Any, heading: Any, dt: Any) -> tuple[list[list[Any]], list[float]]:
    """G (5, 2) and variances (2,) of the state-dependent process noise: acceleration along, turn acceleration."""
    half = dt * dt / 2
    G = [[half * xp.cos(heading), 0.0], [half * xp.sin(heading), 0.0], [dt, 0.0], [0.0, half], [0.0, dt]]
    return G, [ACCEL_STD**2, TURN_STD**2]
