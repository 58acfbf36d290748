"""filterpy's unscented filter, on points that any rule draws."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.adapters.filterpy import arrays
from foglight.adapters.filterpy.batches import each
from foglight.adapters.filterpy.filter import POSTERIOR, PREDICTED, Filter
from foglight.adapters.filterpy.many_states import singular
from foglight.adapters.filterpy.sigma_points import deviations, root, unscented_transform
from foglight.core import checks
from foglight.core.errors import DataError, FoglightError, ModelError, NumericalError, StateError
from foglight.core.types import Array, Floats
from foglight.equations.textbook import symmetric


class UnscentedKalmanFilter(Filter):
    """The unscented Kalman filter with the attributes, methods and numbers of filterpy's.

    Parameters
    ----------
    dim_x, dim_z : int
        Number of states n, and of measured components m.
    dt : float
        Step of time (s).
    hx : callable
        hx(x, **args): what would be measured, m numbers.
    fx : callable
        fx(x, dt, **args): the next state, n numbers.
    points : object
        A rule for points, such as `MerweScaledSigmaPoints`.
    sqrt_fn : callable, optional
        Kept as `msqrt`; the root is that of `points`.
    x_mean_fn, z_mean_fn : callable, optional
        Means of (points, weights), where states or readings are angles.
    residual_x, residual_z : callable, optional
        Differences of two states, and of two readings.
    state_add : callable, optional
        The sum of a state and a difference.

    Attributes
    ----------
    x : ndarray (n,)
        Mean of the state.
    P, Q, R, K, y, z, S, SI, x_prior, P_prior, x_post, P_post, inv
        As those of `KalmanFilter`.
    sigmas_f, sigmas_h : ndarray (k, n), (k, m)
        Points after the last prediction, and what would be measured at them.

    Raises
    ------
    ModelError
        If an array has another shape, is not finite, or is not a covariance.

    Examples
    --------
    >>> from foglight.adapters.filterpy import MerweScaledSigmaPoints, UnscentedKalmanFilter
    >>> points = MerweScaledSigmaPoints(1, alpha=1.0, beta=2.0, kappa=2.0)
    >>> ukf = UnscentedKalmanFilter(1, 1, dt=1.0, hx=lambda x: x**2, fx=lambda x, dt: x, points=points)
    >>> ukf.x = np.array([1.0])
    >>> ukf.predict()
    >>> ukf.update(4.0)
    >>> ukf.x.round(3).tolist()
    [1.16]
    """

    def __init__(
        self,
        dim_x: int,
        dim_z: int,
        dt: float,
        hx: Callable[..., Any],
        fx: Callable[..., Any],
        points: Any,
        sqrt_fn: Any = None,
        x_mean_fn: Any = None,
        z_mean_fn: Any = None,
        residual_x: Any = None,
        residual_z: Any = None,
        state_add: Any = None,
    ) -> None:
        super().__init__(dim_x, dim_z, column=False)
        self.points_fn, self._num_sigmas = points, points.num_sigmas()
        self._dim_x, self._dim_z, self._dt = dim_x, dim_z, dt
        self.hx, self.fx = hx, fx
        self.x_mean, self.z_mean = x_mean_fn, z_mean_fn
        self.msqrt = root if sqrt_fn is None else sqrt_fn
        self.residual_x = np.subtract if residual_x is None else residual_x
        self.residual_z = np.subtract if residual_z is None else residual_z
        self.state_add = np.add if state_add is None else state_add
        self.Wm, self.Wc = points.Wm, points.Wc
        self._drawn: Floats | None = None
        self._sigmas_f: Floats = np.zeros((self._num_sigmas, dim_x))
        self.sigmas_h: Array = np.zeros((self._num_sigmas, dim_z))

    @property
    def sigmas_f(self) -> Floats:
        """The points (k, n) of the prediction, at which an update measures."""
        return self._sigmas_f

    @sigmas_f.setter
    def sigmas_f(self, value: Any) -> None:
        self._sigmas_f = self._drawn = arrays.matrix(value, self._num_sigmas, self._dim_x, "sigmas_f")

    def predict(self, dt: float | None = None, UT: Any = None, fx: Any = None, **fx_args: Any) -> None:
        """Predict x and P by one step.

        Parameters
        ----------
        dt : float, optional
            Instead of the step of the filter.
        UT : callable, optional
            Instead of `unscented_transform`.
        fx : callable, optional
            Instead of the function of the filter.
        **fx_args
            Further arguments of fx.
        """
        self._vector()
        self.compute_process_sigmas(self._dt if dt is None else dt, fx, **fx_args)
        transform = unscented_transform if UT is None else UT
        x, P = transform(self._sigmas_f, self.Wm, self.Wc, self._checked("Q"), self.x_mean, self.residual_x)
        self._finite("fx", x, P)
        self._keep({"x": x, "P": P, "x_prior": x.copy(), "P_prior": P.copy()}, PREDICTED)
        self.sigmas_f = self.points_fn.sigma_points(self.x, self.P)

    def compute_process_sigmas(self, dt: float, fx: Any = None, **fx_args: Any) -> None:
        """Draw the points of x and P, and move them by fx into sigmas_f.

        Parameters
        ----------
        dt : float
            Step of time (s).
        fx : callable, optional
            Instead of the function of the filter.
        **fx_args
            Further arguments of fx.
        """
        move = self.fx if fx is None else fx
        points = self.points_fn.sigma_points(self.x, self.P)
        moved = [np.asarray(move(point, dt, **fx_args), float) for point in points]
        self.sigmas_f = self._rows(moved, self._dim_x, "fx")

    def update(self, z: Any, R: Any = None, UT: Any = None, hx: Any = None, **hx_args: Any) -> None:
        """Update x and P with a reading.

        Parameters
        ----------
        z : array_like (m,), float, or None
            The reading; None if there is none.
        R : array_like (m, m) or float, optional
            Instead of the attribute; a number stands for that times the identity.
        UT : callable, optional
            Instead of `unscented_transform`.
        hx : callable, optional
            Instead of the function of the filter; it may measure another number of components.
        **hx_args
            Further arguments of hx.

        Raises
        ------
        StateError
            If the points are not those of x and P: before the first prediction, and after another update.
        """
        if z is None:
            self._missing()
            return
        self._vector()
        if self._drawn is None:
            raise StateError(
                "update: the sigma points are not those of x and P, before the first predict() and after another "
                "update(); filterpy would use the old ones. Write first "
                "ukf.sigmas_f = ukf.points_fn.sigma_points(ukf.x, ukf.P).", field="sigmas_f",
            )  # fmt: skip
        measure = self.hx if hx is None else hx
        found = [np.asarray(measure(point, **hx_args), float) for point in self._sigmas_f]
        m = self._dim_z if hx is None and found[0].size == self._dim_z else found[0].size
        self.sigmas_h = self._rows(found, m, "hx")
        R = arrays.covariance(self._checked("R", None if R is None else arrays.noise(R, m, "R")), m, "R")
        reading = arrays.reading(z, m)
        if not np.isfinite(reading).all():
            i = int(np.flatnonzero(~np.isfinite(reading))[0])
            raise DataError.expected(
                "z", reading[i], "a finite number", "Write update(None) to skip it.", index=i
            )
        transform = unscented_transform if UT is None else UT
        expected, self.S = transform(self.sigmas_h, self.Wm, self.Wc, R, self.z_mean, self.residual_z)
        self._finite("hx", expected, self.S)
        self.SI = self.inv(self.S)
        if self.inv is np.linalg.inv and singular(self.S, self.SI):
            raise NumericalError(
                f"S = {checks.brief(self.S.tolist())} is not positive definite: the weight of the centre is negative, "
                "or components have no noise. Choose a larger alpha, or give them a variance in R.",
                field="S", value=self.S,
            )  # fmt: skip
        self.K = self.cross_variance(self.x, expected, self._sigmas_f, self.sigmas_h) @ self.SI
        given = reading if np.ndim(z) == 0 or self.residual_z is np.subtract else np.asarray(z, float)
        self.y = np.asarray(self.residual_z(given, expected), float).reshape(m)
        x = np.array(self.state_add(self.x, self.K @ self.y), float)
        P = symmetric(self.P - self.K @ self.S @ self.K.T)
        self.z = reading.copy()
        self._keep({"x": x, "P": P, "x_post": x.copy(), "P_post": P.copy()}, POSTERIOR)
        self._nis = self._loglik = self._drawn = None

    def cross_variance(self, x: Array, z: Array, sigmas_f: Array, sigmas_h: Array) -> Array:
        """Compute the covariance of states with readings.

        Parameters
        ----------
        x, z : ndarray (n,), (m,)
            Means.
        sigmas_f, sigmas_h : ndarray (k, n), (k, m)
            Points, and what would be measured at them.

        Returns
        -------
        ndarray (n, m)
            The covariance.
        """
        dx, dz = deviations(sigmas_f, x, self.residual_x), deviations(sigmas_h, z, self.residual_z)
        crossed: Array = (dx.T * self.Wc) @ dz
        return crossed

    def batch_filter(
        self, zs: Any, Rs: Any = None, dts: Any = None, UT: Any = None, saver: Any = None
    ) -> tuple[Floats, Floats]:
        """Filter a list of readings: for each one, predict, then update.

        Parameters
        ----------
        zs : sequence
            The readings; None where there is none.
        Rs : sequence, optional
            The noise of each reading, or one matrix for all.
        dts : sequence or float, optional
            The step that leads to each reading.
        UT : callable, optional
            Instead of `unscented_transform`.
        saver : optional
            An object whose save() is called after each reading.

        Returns
        -------
        means, covariances : ndarray (T, n), (T, n, n)
            After each update.
        """
        count, n = len(zs), self._dim_x
        noises = each(Rs, count, (self._dim_z, self._dim_z), "Rs") or [None] * count
        steps = self._steps(dts, count)
        means, covariances = np.zeros((count, n)), np.zeros((count, n, n))
        for i, (z, R, dt) in enumerate(zip(zs, noises, steps, strict=True)):
            try:
                self.predict(dt=dt, UT=UT)
                self.update(z, R, UT=UT)
            except FoglightError as error:
                error.add_note(f"This is entry {i} of zs.")
                raise
            means[i], covariances[i] = self.x, self.P
            if saver is not None:
                saver.save()
        return means, covariances

    def rts_smoother(
        self, Xs: Any, Ps: Any, Qs: Any = None, dts: Any = None, UT: Any = None
    ) -> tuple[Floats, Floats, Floats]:
        """Smooth what `batch_filter` has returned.

        Parameters
        ----------
        Xs, Ps : array_like (T, n), (T, n, n)
            Means and covariances after each update.
        Qs, dts : sequence, optional
            The process noise and the step of each reading: number k leads to reading k.
        UT : callable, optional
            Instead of `unscented_transform`.

        Returns
        -------
        x, P, K : ndarray
            Smoothed means and covariances, and gains; the last row of K is 0.
        """
        x, P = np.array(Xs, float), np.array(Ps, float)
        count, n = len(x), self._dim_x
        noises = each(Qs, count, (n, n), "Qs") or [self.Q] * count
        steps = self._steps(dts, count)
        transform = unscented_transform if UT is None else UT
        gains = np.zeros((count, n, n))
        for k in range(count - 2, -1, -1):
            points = self.points_fn.sigma_points(x[k], P[k])
            moved = self._rows([np.asarray(self.fx(point, steps[k + 1]), float) for point in points], n, "fx")
            Q = self._checked("Q", arrays.covariance(noises[k + 1], n, "Q"))
            mean, cov = transform(moved, self.Wm, self.Wc, Q, self.x_mean, self.residual_x)
            away = deviations(points, x[k], self.residual_x), deviations(moved, mean, self.residual_x)
            gains[k] = (away[0].T * self.Wc) @ away[1] @ self.inv(cov)
            x[k] += gains[k] @ self.residual_x(x[k + 1], mean)
            P[k] += gains[k] @ (P[k + 1] - cov) @ gains[k].T
        return x, P, gains

    def _steps(self, dts: Any, count: int) -> list[Any]:
        if dts is None or np.ndim(dts) == 0:
            return [self._dt if dts is None else dts] * count
        return each(dts, count, (), "dts")

    def _vector(self) -> None:
        if self.x.ndim != 1:
            raise ModelError(
                f"x has shape {self.x.shape}, expected ({self._dim_x},): an unscented filter keeps vectors. Write "
                "ukf.x = np.ravel(x).", field="x", value=self.x.shape,
            )  # fmt: skip
        self._checked("P")

    def _rows(self, found: list[Array], size: int, what: str) -> Floats:
        """What a function of the user has returned for each point, one a row."""
        for value in found:
            if value.size != size or value.ndim > 1:
                raise ModelError(
                    f"{what} returned shape {value.shape}, expected ({size},). Write `return np.array([...])` with "
                    f"{size} number{'s' * (size > 1)}.", field=what, value=value.shape,
                )  # fmt: skip
        return np.array(found).reshape(len(found), size)

    def _finite(self, what: str, *results: Any) -> None:
        entries = [np.ravel(array) for array in results]
        if not math.isfinite(sum(array.dot(array) for array in entries)) and not all(
            np.isfinite(array).all() for array in entries
        ):
            raise NumericalError(
                f"{what} returned numbers that are not finite at a sigma point. The points lie alpha √(n + kappa) "
                "standard deviations from x: choose a smaller alpha, or limit the function.", field=what,
            )  # fmt: skip
