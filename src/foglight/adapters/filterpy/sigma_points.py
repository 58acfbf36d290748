"""Rules for sigma points, with filterpy's weights, and the moments of points."""

from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.adapters.filterpy import arrays
from foglight.core import checks
from foglight.core.errors import ModelError, NumericalError
from foglight.core.types import Array, Floats
from foglight.equations.textbook import symmetric


class SigmaPoints:
    """2 n + 1 points: x, and x ± the rows of the root of `scale` P. Wm, Wc: weights for the mean and the covariance."""

    def __init__(self, n: int, scale: float, sqrt_method: Any, subtract: Any) -> None:
        self.n = n
        self.sqrt: Callable[[Array], Array] = sqrt_method or root
        self.subtract: Callable[[Any, Any], Any] = np.subtract if subtract is None else subtract
        if not scale > 0.0:
            raise ModelError(
                f"these parameters scale P by {scale:g} for n = {n} states: expected a positive number. Choose a "
                "larger kappa.", field="kappa", value=scale,
            )  # fmt: skip
        self._scale = scale
        self.Wm: Floats = np.full(2 * n + 1, 0.5 / scale)
        self.Wm[0] = 1.0 - n / scale
        self.Wc: Floats = self.Wm

    def num_sigmas(self) -> int:
        """Return the number of points, 2 n + 1.

        Returns
        -------
        int
            The number.
        """
        return 2 * self.n + 1

    def sigma_points(self, x: Any, P: Any) -> Floats:
        """Compute the points of a mean and a covariance.

        Parameters
        ----------
        x : array_like (n,), or float for one state
            Mean.
        P : array_like (n, n), or float for one state
            Covariance.

        Returns
        -------
        ndarray (2 n + 1, n)
            One point a row, the mean first.
        """
        n = self.n
        mean = arrays.numbers(x, "x")
        mean = mean.reshape(n) if mean.size == n else arrays.state(mean, n)
        U = self.sqrt(self._scale * arrays.covariance(P, n, "P"))
        sigmas = np.empty((2 * n + 1, n))
        sigmas[0] = mean
        if self.subtract is np.subtract:
            sigmas[1 : n + 1], sigmas[n + 1 :] = mean + U, mean - U
        else:
            for k in range(n):
                sigmas[k + 1], sigmas[n + k + 1] = self.subtract(mean, -U[k]), self.subtract(mean, U[k])
        return sigmas

    def __repr__(self) -> str:
        names = ("n", "alpha", "beta", "kappa", "Wm", "Wc")
        shown = [f"{name} = {getattr(self, name)!r}" for name in names if hasattr(self, name)]
        return "\n".join([f"{type(self).__name__} object", *shown])


class MerweScaledSigmaPoints(SigmaPoints):
    """The scaled rule of van der Merwe, as `filterpy.kalman.MerweScaledSigmaPoints`.

    Parameters
    ----------
    n : int
        Number of states.
    alpha, beta, kappa : float
        Spread, weight of the centre, and scale: P is scaled by alpha² (n + kappa).
    sqrt_method : callable, optional
        The root of a matrix, with Uᵀ U = P; Cholesky's upper triangle if left out.
    subtract : callable, optional
        The difference of two states.

    Attributes
    ----------
    Wm, Wc : ndarray (2 n + 1,)
        Weights for the mean and the covariance.

    Examples
    --------
    >>> from foglight.adapters.filterpy import MerweScaledSigmaPoints
    >>> MerweScaledSigmaPoints(1, alpha=1.0, beta=2.0, kappa=2.0).sigma_points(0.0, 3.0).ravel()
    array([ 0.,  3., -3.])
    """

    def __init__(
        self, n: int, alpha: float, beta: float, kappa: float, sqrt_method: Any = None, subtract: Any = None
    ) -> None:
        super().__init__(n, alpha**2 * (n + kappa), sqrt_method, subtract)
        self.alpha, self.beta, self.kappa = alpha, beta, kappa
        self.Wc = self.Wm.copy()
        self.Wc[0] += 1.0 - alpha**2 + beta


class JulierSigmaPoints(SigmaPoints):
    """The rule of Julier and Uhlmann, as `filterpy.kalman.JulierSigmaPoints`.

    Parameters
    ----------
    n : int
        Number of states.
    kappa : float, default 0
        P is scaled by n + kappa.
    sqrt_method, subtract : callable, optional
        As in `MerweScaledSigmaPoints`.

    Attributes
    ----------
    Wm, Wc : ndarray (2 n + 1,)
        Weights for the mean and the covariance.

    Examples
    --------
    >>> from foglight.adapters.filterpy import JulierSigmaPoints
    >>> JulierSigmaPoints(2, kappa=1.0).Wm.round(3).tolist()
    [0.333, 0.167, 0.167, 0.167, 0.167]
    """

    def __init__(self, n: int, kappa: float = 0.0, sqrt_method: Any = None, subtract: Any = None) -> None:
        super().__init__(n, n + kappa, sqrt_method, subtract)
        self.kappa = kappa


def root(P: Array) -> Array:
    """U with Uᵀ U = P, upper triangular."""
    if (P != P.T).any():
        checks.numbers(P, "P")
        if (np.abs(P - P.T) > 1e-10 * np.abs(P).max()).any():
            raise NumericalError(
                "P is not symmetric: filterpy would read its upper triangle only. Write P = (P + P.T) / 2 if it "
                "should be.", field="P", value=P,
            )  # fmt: skip
    try:
        return np.linalg.cholesky(P).T
    except np.linalg.LinAlgError as error:
        checks.numbers(P, "P")
        raise NumericalError(
            f"P = {checks.brief(P.tolist())}: expected a positive definite matrix, of which sigma points are drawn. "
            "Give each state a variance in P and Q, or use fog.UKF, which needs no root.", field="P", value=P,
        ) from error  # fmt: skip


def unscented_transform(
    sigmas: Array, Wm: Array, Wc: Array, noise_cov: Any = None, mean_fn: Any = None, residual_fn: Any = None
) -> tuple[Array, Array]:
    """The mean and covariance of points, as `filterpy.kalman.unscented_transform`.

    Parameters
    ----------
    sigmas : ndarray (k, n)
        One point a row.
    Wm, Wc : ndarray (k,)
        Weights for the mean and the covariance.
    noise_cov : array_like (n, n), optional
        A covariance to add.
    mean_fn : callable, optional
        The mean of (sigmas, Wm), where states are angles.
    residual_fn : callable, optional
        The difference of two states.

    Returns
    -------
    x : ndarray (n,)
        Mean.
    P : ndarray (n, n)
        Covariance.

    Examples
    --------
    >>> from foglight.adapters.filterpy import unscented_transform
    >>> w = np.array([0.5, 0.25, 0.25])
    >>> unscented_transform(np.array([[0.0], [2.0], [-2.0]]), w, w)
    (array([0.]), array([[2.]]))
    """
    mean = Wm @ sigmas if mean_fn is None else np.asarray(mean_fn(sigmas, Wm), float)
    away = deviations(sigmas, mean, residual_fn)
    P = symmetric((away.T * Wc) @ away)
    return mean, P if noise_cov is None else P + arrays.covariance(noise_cov, len(mean), "noise_cov")


def deviations(sigmas: Array, mean: Array, residual: Any) -> Array:
    """The differences (k, n) of points from their mean."""
    if residual is None or residual is np.subtract:
        away: Array = sigmas - mean
        return away
    return np.array([residual(point, mean) for point in sigmas], float).reshape(sigmas.shape)
