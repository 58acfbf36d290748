"""pykalman: arrays in, arrays out, one NumPy step per row."""

from typing import Any

import numpy as np
from answers import Answer
from contender import Contender
from models import Linear, Turning, ctrv, radar
from pykalman import AdditiveUnscentedKalmanFilter, KalmanFilter, __version__

NAME = "pykalman"
IMPORTS = "pykalman"


def version() -> str:
    return str(__version__)


def build(model: Linear) -> KalmanFilter:
    return KalmanFilter(
        transition_matrices=model.F, observation_matrices=model.H, transition_covariance=model.Q,
        observation_covariance=model.R, initial_state_mean=model.mean, initial_state_covariance=model.cov,
    )  # fmt: skip


def read(out: Any) -> Answer:
    return Answer(np.asarray(out[0]), np.asarray(out[1]))


def series(model: Linear) -> Contender:
    kf = build(model)
    return Contender(NAME, len(model.z), lambda: kf.filter(model.z), read)


def online(model: Linear) -> Contender:
    """`filter_update` from the third row on: it always predicts, and `filter` takes no fewer than two rows."""
    kf = build(model)

    def call() -> Any:
        means, covs = (list(part) for part in kf.filter(model.z[:2]))
        for z in model.z[2:]:
            mean, cov = kf.filter_update(means[-1], covs[-1], z)
            means.append(mean)
            covs.append(cov)
        return means, covs

    return Contender(NAME, len(model.z), call, read)


def ukf(model: Turning | Linear) -> Contender:
    """Its sigma points are fixed at alpha 1, beta 0, kappa 3 - n."""
    if isinstance(model, Linear):
        f, h = (lambda x: model.F @ x), (lambda x: model.H @ x)
    else:
        f, h = (lambda x: np.array(ctrv(np, x, model.dt))), (lambda x: np.array(radar(np, x)))
    kf = AdditiveUnscentedKalmanFilter(f, h, model.Q, model.R, model.mean, model.cov)
    return Contender(NAME, len(model.z), lambda: kf.filter(model.z), read)


def em(model: Linear) -> Contender:
    from rows.maximisation import ITERATIONS, filtered

    def call() -> KalmanFilter:
        free = ["transition_covariance", "observation_covariance"]
        return build(model).em(model.z, n_iter=ITERATIONS, em_vars=free)

    def fitted(kf: KalmanFilter) -> Answer:
        return filtered(model, np.asarray(kf.transition_covariance), np.asarray(kf.observation_covariance))

    return Contender(NAME, ITERATIONS, call, fitted)
