"""filterpy: one object per filter, NumPy calls for every step."""

from typing import Any

import numpy as np
from answers import Answer
from contender import Contender
from filterpy import __version__
from filterpy.kalman import ExtendedKalmanFilter, KalmanFilter, MerweScaledSigmaPoints, UnscentedKalmanFilter
from models import Array, Linear, Ring, Turning

NAME = "filterpy"
IMPORTS = "filterpy.kalman"


def version() -> str:
    return str(__version__)


def build(model: Linear) -> KalmanFilter:
    kf = KalmanFilter(dim_x=model.n, dim_z=model.axes)
    kf.x, kf.P = model.mean.copy(), model.cov.copy()
    kf.F, kf.Q, kf.H, kf.R = model.F, model.Q, model.H, model.R
    return kf


def series(model: Linear) -> Contender:
    """Its own loop, `batch_filter`, which gives filtered and predicted means and covariances."""

    def call() -> Any:
        return build(model).batch_filter(model.z, update_first=True)

    return Contender(NAME, len(model.z), call, lambda out: Answer(out[0], out[1]))


def stepped(kf: Any, z: Array, update: Any) -> tuple[Array, Array, float]:
    """predict and update by hand, one row at a time."""
    means, covs, loglik = np.empty((len(z), kf.dim_x)), np.empty((len(z), kf.dim_x, kf.dim_x)), 0.0
    for k, row in enumerate(z):
        if k:
            kf.predict()
        update(kf, row)
        means[k], covs[k] = kf.x, kf.P
    return means, covs, loglik


def online(model: Linear) -> Contender:
    return Contender(
        NAME, len(model.z), lambda: stepped(build(model), model.z, KalmanFilter.update),
        lambda out: Answer(out[0], out[1]),
    )  # fmt: skip


class Curved(ExtendedKalmanFilter):  # type: ignore[misc]
    """The two lines that filterpy leaves to its user: the motion, and its Jacobian before it."""

    model: Turning | Ring

    def predict_x(self, u: Any = 0) -> None:
        self.F = self.model.F(self.x)
        self.x = self.model.f(self.x)


def residual(a: Array, b: Array) -> Array:
    gap = a - b
    gap[1] = np.remainder(gap[1] + np.pi, 2 * np.pi) - np.pi
    return gap


def ekf(model: Turning | Ring) -> Contender:
    own = {"residual": residual} if isinstance(model, Turning) else {}

    def update(kf: Any, z: Array) -> None:
        kf.update(z, model.H, model.h, **own)

    def call() -> Any:
        kf = Curved(dim_x=len(model.mean), dim_z=model.z.shape[1])
        kf.model, kf.x, kf.P = model, model.mean.copy(), model.cov.copy()
        kf.Q, kf.R = model.Q, model.R
        return stepped(kf, model.z, update)

    return Contender(NAME, len(model.z), call, lambda out: Answer(out[0], out[1]))


def differences(model: Turning) -> Contender:
    """The EKF of a user who cannot derive f and h: central differences, with the steps of foglight."""

    def slopes(f: Any, x: Array, P: Array) -> Array:
        columns = []
        for k, width in enumerate(6e-6 * np.maximum(np.abs(x), np.sqrt(np.diag(P)))):
            step = np.zeros(len(x))
            step[k] = width
            columns.append((np.array(f(x + step)) - np.array(f(x - step))) / (2 * width))
        return np.array(columns).T

    class Differences(ExtendedKalmanFilter):  # type: ignore[misc]
        def predict_x(self, u: Any = 0) -> None:
            self.F = slopes(model.f, self.x, self.P)
            self.x = model.f(self.x)

    def update(kf: Any, z: Array) -> None:
        def jacobian(x: Array) -> Array:
            return slopes(model.h, x, kf.P)

        kf.update(z, jacobian, model.h, residual=residual)

    def call() -> Any:
        kf = Differences(dim_x=5, dim_z=3)
        kf.x, kf.P, kf.Q, kf.R = model.mean.copy(), model.cov.copy(), model.Q, model.R
        return stepped(kf, model.z, update)

    name = f"{NAME}, differences"
    return Contender(name, len(model.z), call, lambda out: Answer(out[0], out[1]))


def ukf(model: Turning | Ring | Linear) -> Contender:
    """alpha 1, beta 2, kappa 0; it draws its sigma points again after the prediction."""
    if isinstance(model, Linear):
        f, h = (lambda x, dt: model.F @ x), (lambda x: model.H @ x)
    else:
        f, h = (lambda x, dt: model.f(x)), model.h

    def first(ukf: Any) -> None:
        """The first row has no prediction, so its sigma points are drawn here."""
        ukf.sigmas_f = ukf.points_fn.sigma_points(ukf.x, ukf.P)

    def call() -> Any:
        n, m = len(model.mean), model.z.shape[1]
        points = MerweScaledSigmaPoints(n, alpha=1.0, beta=2.0, kappa=0.0)
        gap = residual if isinstance(model, Turning) else None
        kf = UnscentedKalmanFilter(n, m, model.dt, h, f, points, residual_z=gap)
        kf.x, kf.P, kf.Q, kf.R = model.mean.copy(), model.cov.copy(), model.Q, model.R
        first(kf)
        kf.dim_x = n
        return stepped(kf, model.z, UnscentedKalmanFilter.update)

    return Contender(NAME, len(model.z), call, lambda out: Answer(out[0], out[1]))
