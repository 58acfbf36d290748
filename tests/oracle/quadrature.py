"""The exact Bayesian filter of curved models with one or two states: densities on a grid, sums for integrals.

For a smooth density that vanishes at the edges the trapezoidal rule converges faster than any power of the step
(Trefethen and Weideman 2014). `converged` refines and widens until nothing changes, so no result is taken on trust.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], Array]  # of points (k, n)


@dataclass(frozen=True)
class Density:
    """Points (k, n), and the share of probability at each (k,), which sums to 1."""

    points: Array
    share: Array

    @property
    def mean(self) -> Array:
        return np.asarray(self.share @ self.points)

    @property
    def cov(self) -> Array:
        off = self.points - self.mean
        return np.asarray((self.share[:, None] * off).T @ off)


def exponent(off: Array, cov: Array) -> Array:
    """-e' C^-1 e / 2 of each row."""
    return np.asarray(-0.5 * np.einsum("ki,ki->k", off, np.linalg.solve(cov, off.T).T))


def spread(mean: Array, cov: Array, reach: float, count: int) -> Array:
    """Points in a regular lattice, `count` along each principal axis, to `reach` standard deviations."""
    axis = np.linspace(-reach, reach, count)
    lattice = np.array(list(product(axis, repeat=len(mean))))
    return np.asarray(mean + lattice @ np.linalg.cholesky(cov).T)


def gaussian(mean: Array, cov: Array, reach: float, count: int) -> Density:
    """N(mean, cov)."""
    points = spread(mean, cov, reach, count)
    share = np.exp(exponent(points - mean, cov))
    return Density(points, share / share.sum())


def moved(before: Density, f: Function) -> Density:
    """x' = f(x), without noise: every point takes its share along."""
    return Density(f(before.points), before.share)


def diffused(before: Density, f: Function, Q: Array, reach: float, count: int) -> Density:
    """x' = f(x) + w, w ~ N(0, Q), on a new lattice around where that leads."""
    images = moved(before, f)
    points = spread(images.mean, images.cov + Q, reach, count)
    share = np.array([images.share @ np.exp(exponent(point - images.points, Q)) for point in points])
    return Density(points, share / share.sum())


def updated(
    before: Density, h: Function, R: Array, z: Array, angles: tuple[int, ...] = ()
) -> tuple[Density, float]:
    """p(x | z) where z = h(x) + v, v ~ N(0, R), and the density of z. `angles`: those components of z."""
    e = z - h(before.points)
    for i in angles:
        e[:, i] = (e[:, i] + np.pi) % (2 * np.pi) - np.pi
    share = before.share * np.exp(exponent(e, R))
    total = float(share.sum())
    return Density(before.points, share / total), total / float(np.sqrt(np.linalg.det(2 * np.pi * R)))


def converged(compute: Callable[[float, int], Array], count: int, tolerance: float) -> Array:
    """compute(reach, count) once neither a finer nor a wider lattice changes it; ArithmeticError if that fails."""
    reach = 7.0
    last = compute(reach, count)
    changes = []
    for _ in range(3):
        reach, count = reach + 1.0, 2 * count
        new = compute(reach, count)
        changes.append(float(np.abs(new - last).max() / np.abs(new).max()))
        if changes[-1] <= tolerance:
            return new
        last = new
    raise ArithmeticError(f"the integrals do not settle: relative changes {changes}")
