"""filterpy's functions of one step, for those who keep x and P themselves."""

from typing import Any

import numpy as np

from foglight.adapters.filterpy import batches
from foglight.adapters.filterpy.kalman_filter import KalmanFilter
from foglight.core.types import Array


def predict(
    x: Any, P: Any, F: Any = 1, Q: Any = 0, u: Any = 0, B: Any = 1, alpha: float = 1.0
) -> tuple[Any, Any]:
    """Predict x and P by one step, as `filterpy.kalman.predict`.

    Parameters
    ----------
    x, P : array_like, or float for one state
        Mean and covariance.
    F, Q : array_like (n, n), or float
        A number stands for that times the identity.
    u, B : array_like, optional
        Control input and control matrix.
    alpha : float, default 1
        At least 1; more lets old readings fade.

    Returns
    -------
    x, P : ndarray, or float where both were given as numbers
        Mean and covariance.

    Examples
    --------
    >>> from foglight.adapters.filterpy import predict
    >>> predict(10.0, 3.0, Q=4.0, u=1.0)
    (11.0, 7.0)
    """
    kf, plain = _filter(x, P, 1)
    kf.alpha = alpha
    n = kf.dim_x
    F = np.eye(n) * F if np.ndim(F) == 0 else F
    B = np.eye(n) * B if np.ndim(B) == 0 else B
    kf.predict(u=None if np.ndim(u) == 0 and u == 0 else u, B=B, F=F, Q=float(Q) if np.ndim(Q) == 0 else Q)
    return _plain(kf.x, kf.P, plain)


def update(x: Any, P: Any, z: Any, R: Any, H: Any = None, return_all: bool = False) -> tuple[Any, ...]:
    """Update x and P with a reading, as `filterpy.kalman.update`.

    Parameters
    ----------
    x, P : array_like, or float for one state
        Mean and covariance.
    z : array_like (m, 1) or (m,), float, or None
        The reading; None if there is none.
    R : array_like (m, m), or float
        A number stands for that times the identity.
    H : array_like (m, n), or float for one state
        Measurement matrix; 1 for one state.
    return_all : bool, default False
        Whether to return y, K, S and the log-likelihood, too.

    Returns
    -------
    x, P : ndarray, or float where both were given as numbers
        Mean and covariance.
    y, K, S, log_likelihood
        With return_all; None without a reading.

    Examples
    --------
    >>> from foglight.adapters.filterpy import update
    >>> update(10.0, 1.0, z=12.0, R=1.0)
    (11.0, 0.5)
    """
    if z is None:
        return (x, P, None, None, None, None) if return_all else (x, P)
    H = np.atleast_2d(1.0) if H is None else np.atleast_2d(H)
    kf, plain = _filter(x, P, len(H))
    kf.update(z, R=float(R) if np.ndim(R) == 0 else R, H=H)
    found = _plain(kf.x, kf.P, plain)
    return (*found, kf.y, kf.K, kf.S, kf.log_likelihood) if return_all else found


def batch_filter(
    x: Any, P: Any, zs: Any, Fs: Any, Qs: Any, Hs: Any, Rs: Any, Bs: Any = None, us: Any = None,
    update_first: bool = False, saver: Any = None,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """Filter a list of readings, as `filterpy.kalman.batch_filter`.

    Parameters
    ----------
    x, P : array_like
        Mean and covariance before the first reading.
    zs, Fs, Qs, Hs, Rs, Bs, us, update_first, saver
        As in `KalmanFilter.batch_filter`.

    Returns
    -------
    means, covariances, means_p, covariances_p : ndarray
        After each update, and after each prediction.

    Examples
    --------
    >>> from foglight.adapters.filterpy import batch_filter
    >>> one = [np.eye(1)] * 2
    >>> batch_filter(np.array([0.0]), np.eye(1), [1.0, None], one, one, one, one)[0].round(3).tolist()
    [[0.667], [0.667]]
    """
    kf = _filter(x, P, len(np.atleast_2d(Hs[0])))[0]
    return kf.batch_filter(zs, Fs, Qs, Hs, Rs, Bs, us, update_first, saver)


def rts_smoother(Xs: Any, Ps: Any, Fs: Any, Qs: Any) -> tuple[Array, Array, Array, Array]:
    """Smooth what `batch_filter` has returned: as `KalmanFilter.rts_smoother`, of which filterpy's function differs.

    Parameters
    ----------
    Xs, Ps : array_like (T, n, 1) or (T, n), and (T, n, n)
        Means and covariances after each update.
    Fs, Qs : sequence
        The matrices of each reading: number k leads to reading k.

    Returns
    -------
    x, P, K, Pp : ndarray
        Smoothed means and covariances, gains, and predicted covariances.

    Examples
    --------
    >>> from foglight.adapters.filterpy import rts_smoother
    >>> one = [np.eye(1)] * 2
    >>> rts_smoother(np.array([[0.0], [1.0]]), np.array([np.eye(1)] * 2), one, one)[0].ravel()
    array([0.5, 1. ])
    """
    count, shape = len(Xs), np.shape(Ps)[1:]
    return batches.smoothed(
        Xs, Ps, batches.each(Fs, count, shape, "Fs")[1:], batches.each(Qs, count, shape, "Qs")[1:]
    )


def _filter(x: Any, P: Any, m: int) -> tuple[KalmanFilter, bool]:
    """A filter of this belief, and whether it was given as two numbers."""
    n = max(np.size(x), 1)
    kf = KalmanFilter(n, m)
    kf.x, kf.P = np.atleast_1d(x), P
    return kf, np.ndim(x) == 0 and np.ndim(P) == 0


def _plain(x: Array, P: Array, plain: bool) -> tuple[Any, Any]:
    return (float(x[0]), float(P[0, 0])) if plain else (x, P)
