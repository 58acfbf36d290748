"""filterpy's linear filter, with the equations of Foglight."""

from typing import Any

import numpy as np

from foglight.adapters.filterpy import arrays, batches, faults, steps
from foglight.adapters.filterpy.arrays import Kept
from foglight.adapters.filterpy.filter import POSTERIOR, PREDICTED, Filter
from foglight.core import checks
from foglight.core.errors import DataError, ModelError
from foglight.core.types import Array


class KalmanFilter(Filter):
    """The linear Kalman filter with the attributes, methods and numbers of `filterpy.kalman.KalmanFilter`.

    What filterpy takes in silence and gets wrong is refused, with the line to write.

    Parameters
    ----------
    dim_x : int
        Number of states n.
    dim_z : int
        Number of measured components m.
    dim_u : int, default 0
        Number of control inputs.

    Attributes
    ----------
    x : ndarray (n, 1) or (n,)
        Mean of the state; assign it in either shape.
    P, F, Q : ndarray (n, n)
        Covariance of the state, transition matrix, covariance of the process noise. The identity at first.
    H : ndarray (m, n)
        Measurement matrix. Zero at first.
    R : ndarray (m, m)
        Covariance of the measurement noise. The identity at first.
    B : ndarray (n, k) or None
        Control matrix.
    M : ndarray (n, m)
        Covariance of the process noise with the measurement noise, for `update_correlated`.
    x_prior, P_prior, x_post, P_post : ndarray
        Copies of x and P after the last prediction, and after the last update.
    z, y : ndarray (m, 1) or (m,)
        The last reading, and its innovation.
    K, S, SI : ndarray
        Gain (n, m), covariance of the innovation (m, m), and its inverse.
    inv : callable
        The inverse to use of S, `numpy.linalg.inv`; another one, such as `numpy.linalg.pinv`, permits a singular S.
    alpha : float
        At least 1; more lets old readings fade.

    Raises
    ------
    ModelError
        If an array has another shape, is not finite, or is not a covariance.

    Examples
    --------
    >>> from foglight.adapters.filterpy import KalmanFilter
    >>> kf = KalmanFilter(dim_x=2, dim_z=1)
    >>> kf.F, kf.H, kf.R = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0]]), 5.0
    >>> kf.predict()
    >>> kf.update(2.0)
    >>> kf.x.round(3).tolist()
    [[0.75], [0.25]]
    """

    F = Kept(lambda f, value, name: arrays.matrix(value, f.dim_x, f.dim_x, name))
    H = Kept(lambda f, value, name: arrays.matrix(value, f.dim_z, f.dim_x, name))
    M = Kept(lambda f, value, name: arrays.matrix(value, f.dim_x, f.dim_z, name))

    def __init__(self, dim_x: int, dim_z: int, dim_u: int = 0) -> None:
        super().__init__(dim_x, dim_z)
        if not checks.is_whole(dim_u) or dim_u < 0:
            raise ModelError.expected("dim_u", dim_u, "a whole number of at least 0", "Leave it out.")
        self.dim_u = dim_u
        self.B: Any = None
        self.F, self.H = np.eye(dim_x), np.zeros((dim_z, dim_x))
        self.M = np.zeros((dim_x, dim_z))
        self._alpha_sq = 1.0

    @property
    def alpha(self) -> float:
        """The fading factor: 1 for none."""
        return float(self._alpha_sq**0.5)

    @alpha.setter
    def alpha(self, value: float) -> None:
        if not checks.is_number(value) or not value >= 1.0:
            raise ModelError.expected("alpha", value, "a number of at least 1", "Write alpha = 1.02.")
        self._alpha_sq = float(value) ** 2

    def predict(self, u: Any = None, B: Any = None, F: Any = None, Q: Any = None) -> None:
        """Predict x and P by one step.

        Parameters
        ----------
        u : array_like (k,), optional
            Control input.
        B, F : array_like, optional
            Instead of the attributes, in this step.
        Q : array_like (n, n) or float, optional
            The same; a number stands for that times the identity.
        """
        self._keep(self._prediction(u, B, F, Q), PREDICTED)

    def get_prediction(
        self, u: Any = None, B: Any = None, F: Any = None, Q: Any = None
    ) -> tuple[Array, Array]:
        """The x and P that `predict` would set.

        Parameters
        ----------
        u, B, F, Q : optional
            As in `predict`.

        Returns
        -------
        x, P : ndarray
            In the shapes of the attributes.
        """
        new = self._prediction(u, B, F, Q)
        return new["x"], new["P"]

    def _prediction(self, u: Any, B: Any, F: Any, Q: Any) -> Any:
        kept, n = self.__dict__, self.dim_x
        x, P = kept["x"], self._checked("P")
        F = kept["F"] if F is None else arrays.matrix(F, n, n, "F")
        Q = self._checked("Q", None if Q is None else arrays.noise(Q, n, "Q"))
        shift = 0.0 if u is None else arrays.control(u, self.B if B is None else B, n)
        new = steps.prediction(x.shape)(x, P, F, Q, shift, self._alpha_sq)
        if new["marks"][0]:
            faults.of_prediction(new, x, F, shift)
        return new

    def update(self, z: Any, R: Any = None, H: Any = None) -> None:
        """Update x and P with a reading.

        Parameters
        ----------
        z : array_like (m, 1) or (m,), float, or None
            The reading; None if there is none.
        R : array_like (m, m) or float, optional
            Instead of the attribute; a number stands for that times the identity.
        H : array_like (m, n), optional
            Instead of the attribute, with as many rows as z has components.
        """
        if z is None:
            self._missing()
            return
        self._keep_update(self._update(z, R, H))

    def get_update(self, z: Any = None) -> tuple[Array, Array]:
        """The x and P that `update(z)` would set.

        Parameters
        ----------
        z : array_like, float or None
            The reading.

        Returns
        -------
        x, P : ndarray
            In the shapes of the attributes.
        """
        if z is None:
            return self.x.copy(), self.P.copy()
        new = self._update(z, None, None)
        return new["x"], new["P"]

    def update_correlated(self, z: Any, R: Any = None, H: Any = None) -> None:
        """Update with a reading whose noise is correlated with that of the process, by M.

        Parameters
        ----------
        z, R, H
            As in `update`.
        """
        if z is None:
            self._missing()
            return
        self._keep_update(self._update(z, R, H, self.M))

    def _update(self, z: Any, R: Any, H: Any, M: Array | None = None) -> Any:
        kept, n = self.__dict__, self.dim_x
        x, P = kept["x"], self._checked("P")
        H = kept["H"] if H is None else arrays.matrix(H, None, n, "H")
        m = len(H)
        R = self._checked("R", None if R is None else arrays.noise(R, m, "R"))
        if len(R) != m:
            arrays.covariance(R, m, "R")
        reading = arrays.reading(z, m)
        correlated = () if M is None else (arrays.matrix(M, n, m, "M"),)
        step = steps.measurement(x.shape, m, self.inv, False, M is not None)
        new = step(x, P, reading, H, R, *correlated)
        if new["marks"][2]:
            faults.of_update(new, x, reading, H, self.inv is not np.linalg.inv)
        return new

    def update_sequential(self, start: int, z_i: Any, R_i: Any = None, H_i: Any = None) -> None:
        """Update with some components of a reading, from number `start` on.

        Parameters
        ----------
        start : int
            Number of the first component.
        z_i : array_like or float
            The components.
        R_i, H_i : array_like, optional
            Instead of their rows of R and H.
        """
        size = np.size(z_i)
        rows = slice(start, start + size)
        if not 0 <= start <= start + size <= self.dim_z:
            raise DataError.expected("start", start, f"z_i within {self.dim_z} components", "Shorten z_i.")
        H = self.H[rows] if H_i is None else np.reshape(arrays.numbers(H_i, "H_i"), (size, self.dim_x))
        R = self.R[rows, rows] if R_i is None else arrays.noise(R_i, size, "R_i")
        new = self._update(z_i, R, H)
        self.y[rows], self.z[rows] = (
            new["y"].reshape(self.y[rows].shape),
            new["z"].reshape(self.z[rows].shape),
        )
        self.K[:, rows] = new["K"]
        self._keep(new, POSTERIOR)

    def predict_steadystate(self, u: Any = 0, B: Any = None) -> None:
        """Predict x, and leave P as it is.

        Parameters
        ----------
        u : array_like (k,), default 0
            Control input.
        B : array_like (n, k), optional
            Instead of the attribute.
        """
        n = self.dim_x
        shift = arrays.control(u, self.B if B is None else B, n)
        self.x = arrays.shaped(self.F @ self.x.reshape(n) + shift, self.x.ndim == 2)
        self.x_prior, self.P_prior = self.x.copy(), self.P.copy()

    def update_steadystate(self, z: Any) -> None:
        """Update x with the gain K as it is, and leave P, K and S as they are.

        Parameters
        ----------
        z : array_like (m, 1) or (m,), float, or None
            The reading; None if there is none.
        """
        if z is None:
            self._missing()
            return
        reading = arrays.reading(z, self.dim_z)
        x = self.x.reshape(self.dim_x)
        y = reading - self.H @ x
        column = self.x.ndim == 2
        self.x = arrays.shaped(x + self.K @ y, column)
        self.y, self.z = arrays.shaped(y, column), arrays.shaped(reading, column)
        self.x_post, self.P_post = self.x.copy(), self.P.copy()
        self._nis = self._loglik = None

    def batch_filter(
        self,
        zs: Any,
        Fs: Any = None,
        Qs: Any = None,
        Hs: Any = None,
        Rs: Any = None,
        Bs: Any = None,
        us: Any = None,
        update_first: bool = False,
        saver: Any = None,
    ) -> tuple[Array, Array, Array, Array]:
        """Filter a list of readings: for each one, predict, then update.

        Parameters
        ----------
        zs : sequence
            The readings; None where there is none.
        Fs, Qs, Hs, Rs, Bs, us : sequence, optional
            One matrix or input for each reading, or one matrix for all; the attributes if left out.
        update_first : bool, default False
            Whether to update, then predict.
        saver : optional
            An object whose save() is called after each reading.

        Returns
        -------
        means, covariances : ndarray (T, n, 1) or (T, n), and (T, n, n)
            After each update.
        means_p, covariances_p : ndarray
            After each prediction.
        """
        given = {"F": Fs, "Q": Qs, "H": Hs, "R": Rs, "B": Bs, "u": us}
        return batches.filtered(self, zs, given, update_first, saver)

    def rts_smoother(
        self, Xs: Any, Ps: Any, Fs: Any = None, Qs: Any = None, inv: Any = np.linalg.inv
    ) -> tuple[Array, Array, Array, Array]:
        """Smooth what `batch_filter` has returned, by Rauch, Tung and Striebel.

        Parameters
        ----------
        Xs, Ps : array_like (T, n, 1) or (T, n), and (T, n, n)
            Means and covariances after each update.
        Fs, Qs : sequence, optional
            The matrices of each reading, as in `batch_filter`: number k leads to reading k.
        inv : callable
            The inverse to use of the predicted covariances.

        Returns
        -------
        x, P, K, Pp : ndarray
            Smoothed means and covariances, gains, and predicted covariances; the last row of K is 0.
        """
        count, n = len(Xs), self.dim_x
        Fs = batches.each(Fs, count, (n, n), "Fs") or [self.F] * count
        Qs = batches.each(Qs, count, (n, n), "Qs") or [self.Q] * count
        return batches.smoothed(Xs, Ps, Fs[1:], Qs[1:], inv)

    def residual_of(self, z: Any) -> Array:
        """z - H x_prior.

        Parameters
        ----------
        z : array_like (m, 1) or (m,), or float
            A reading.

        Returns
        -------
        ndarray (m, 1) or (m,)
            Its difference from the prediction.
        """
        y = arrays.reading(z, self.dim_z) - self.H @ self.x_prior.reshape(self.dim_x)
        return arrays.shaped(y, self.x.ndim == 2)

    def measurement_of_state(self, x: Any) -> Array:
        """H x.

        Parameters
        ----------
        x : array_like (n, 1) or (n,)
            A state.

        Returns
        -------
        ndarray (m, 1) or (m,)
            What would be measured of it.
        """
        measured: Array = self.H @ arrays.state(x, self.dim_x)
        return measured

    def log_likelihood_of(self, z: Any) -> float:
        """log N(z; H x, S), with the S of the last update.

        Parameters
        ----------
        z : array_like (m, 1) or (m,), float or None
            A reading.

        Returns
        -------
        float
            0 for None.
        """
        if z is None:
            return 0.0
        y = arrays.reading(z, self.dim_z) - self.H @ self.x.reshape(self.dim_x)
        return steps.loglik_of(y, self.S)

    def test_matrix_dimensions(
        self, z: Any = None, H: Any = None, R: Any = None, F: Any = None, Q: Any = None
    ) -> None:
        """Raise ModelError or DataError if a shape does not fit. Attributes are checked when they are assigned.

        Parameters
        ----------
        z, H, R, F, Q : optional
            What to check in place of the attributes.
        """
        H = self.H if H is None else arrays.matrix(H, None, self.dim_x, "H")
        arrays.covariance(self.R if R is None else R, len(H), "R")
        for name, value in (("F", F), ("Q", Q)):
            arrays.covariance(getattr(self, name) if value is None else value, self.dim_x, name)
        if z is not None:
            arrays.reading(z, len(H))
