"""filterpy's extended filter, with the equations of Foglight."""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from foglight.adapters.filterpy import arrays, faults, steps
from foglight.adapters.filterpy.arrays import Kept
from foglight.adapters.filterpy.filter import Filter
from foglight.core import checks
from foglight.core.errors import DataError, ModelError
from foglight.core.types import Array


class ExtendedKalmanFilter(Filter):
    """The extended Kalman filter with the attributes, methods and numbers of `filterpy.kalman.ExtendedKalmanFilter`.

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
    P, F, Q, R, B, x_prior, P_prior, x_post, P_post, z, y, K, S, SI
        As those of `KalmanFilter`. F is the Jacobian of the motion at x.

    Raises
    ------
    ModelError
        If an array has another shape, is not finite, or is not a covariance.

    Examples
    --------
    >>> from foglight.adapters.filterpy import ExtendedKalmanFilter
    >>> ekf = ExtendedKalmanFilter(dim_x=2, dim_z=1)
    >>> ekf.x = np.array([3.0, 4.0])
    >>> ekf.update(5.5, lambda x: (x / np.hypot(*x))[None, :], lambda x: np.hypot(*x))
    >>> ekf.x
    array([3.15, 4.2 ])
    """

    F = Kept(lambda f, value, name: arrays.matrix(value, f.dim_x, f.dim_x, name))

    def __init__(self, dim_x: int, dim_z: int, dim_u: int = 0) -> None:
        super().__init__(dim_x, dim_z)
        self.dim_u = dim_u
        self.B: Any = 0
        self.F = np.eye(dim_x)

    def predict_x(self, u: Any = 0) -> None:
        """Predict x by F x + B u. Override it for a motion that bends.

        Parameters
        ----------
        u : array_like (k,), default 0
            Control input.
        """
        x, shift = self.x, arrays.control(u, self.B, self.dim_x)
        moved = self.F.dot(x)
        if isinstance(shift, np.ndarray):
            moved += shift.reshape(x.shape)
        self.x = moved

    def predict(self, u: Any = 0) -> None:
        """Predict x by `predict_x`, and P by F P Fᵀ + Q.

        Parameters
        ----------
        u : array_like (k,), default 0
            Control input.
        """
        self.predict_x(u)
        x, P, F, Q = self.x, self._checked("P"), self.F, self._checked("Q")
        new = steps.prediction(x.shape)(x, P, F, Q, 0.0, 1.0)
        if new["marks"][0]:
            faults.of_prediction(new, x, F, 0.0)
        self._keep(new, ("P", "P_prior"))
        self.x_prior = x.copy()

    def update(
        self,
        z: Any,
        HJacobian: Callable[..., Any],
        Hx: Callable[..., Any],
        R: Any = None,
        args: Any = (),
        hx_args: Any = (),
        residual: Callable[[Any, Any], Any] = np.subtract,
    ) -> None:
        """Update x and P with a reading.

        Parameters
        ----------
        z : array_like (m, 1) or (m,), float, or None
            The reading; None if there is none.
        HJacobian, Hx : callable
            From x: the matrix of derivatives (m, n), and what would be measured.
        R : array_like (m, m) or float, optional
            Instead of the attribute; a number stands for that times the identity.
        args, hx_args : tuple, default ()
            Further arguments of HJacobian and of Hx.
        residual : callable, default numpy.subtract
            The difference of two readings: wrap angles here.
        """
        if z is None:
            self._missing()
            return
        x, P = self.x, self._checked("P")
        H = arrays.matrix(HJacobian(x, *_tuple(args)), None, self.dim_x, "HJacobian(x)")
        m = len(H)
        R = self._checked("R", None if R is None else arrays.noise(R, m, "R"))
        if len(R) != m:
            arrays.covariance(R, m, "R")
        reading = arrays.reading(z, m)
        y = _residual(z, reading, Hx(x, *_tuple(hx_args)), residual)
        new = steps.measurement(x.shape, m, self.inv, True)(x, P, y, H, R)
        if new["marks"][2]:
            if np.isfinite(reading).all():
                checks.numbers(y, "z - Hx(x)")
            faults.of_update(new, x, reading, H, self.inv is not np.linalg.inv)
        self._keep_update(new)
        self.z = arrays.shaped(reading, x.ndim == 2)

    def predict_update(self, z: Any, HJacobian: Any, Hx: Any, *args: Any, **more: Any) -> NoReturn:
        """Refused: filterpy's takes the derivatives of the measurement at the state before the prediction.

        Parameters
        ----------
        z, HJacobian, Hx, *args, **more
            As in filterpy.

        Raises
        ------
        ModelError
            Always, with what to write instead.
        """
        raise ModelError(
            "predict_update: filterpy's takes HJacobian at the state before the prediction, and sets x_prior to that "
            "state. Write ekf.predict(u), then ekf.update(z, HJacobian, Hx).", field="predict_update",
        )  # fmt: skip


def _residual(z: Any, reading: Array, expected: Any, residual: Callable[[Any, Any], Any]) -> Array:
    """The innovation (m,). A residual of the user's own gets z in the shape in which it is given."""
    m = len(reading)
    expected = np.asarray(expected, float)
    if residual is np.subtract:
        if expected.size != m:
            raise ModelError(
                f"Hx(x) has shape {expected.shape}, expected {m} numbers, as HJacobian(x) has rows. Return one for "
                "each component of z.", field="Hx", value=expected.shape,
            )  # fmt: skip
        difference: Array = reading - expected.reshape(m)
        return difference
    y = np.asarray(residual(reading if np.ndim(z) == 0 else np.asarray(z, float), expected), float)
    if y.size != m:
        raise DataError(
            f"residual(z, Hx(x)) has shape {y.shape}, expected {m} numbers: z and Hx(x) were broadcast. Give z the "
            f"shape {expected.shape} that Hx returns.", field="residual", value=y.shape,
        )  # fmt: skip
    return y.reshape(m)


def _tuple(args: Any) -> tuple[Any, ...]:
    return args if isinstance(args, tuple) else (args,)
