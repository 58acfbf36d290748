"""statsmodels: a Kalman filter in Cython, as its state space models use it."""

from typing import Any

from answers import Answer
from contender import Contender
from models import Linear
from statsmodels import __version__
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter

NAME = "statsmodels"
IMPORTS = "statsmodels.tsa.statespace.kalman_filter"


def version() -> str:
    return str(__version__)


def every_row(model: Linear) -> Contender:
    """Without stopping at settled covariances."""
    return series(model, settle=False)


def series(model: Linear, *, settle: bool = True, conserve: bool = False) -> Contender:
    """Known start, otherwise its defaults.

    It stops computing covariances once they have settled, which a model with constant matrices and no gaps allows;
    without `settle` it computes every row. `conserve` keeps only the filtered moments and the log-likelihood.
    """
    kf = KalmanFilter(model.axes, model.n, k_posdef=model.n)
    kf["transition"], kf["selection"], kf["design"] = model.F, model.F * 0, model.H
    kf["selection", range(model.n), range(model.n)] = 1.0
    kf["state_cov"], kf["obs_cov"] = model.Q, model.R
    kf.initialize_known(model.mean, model.cov)
    if not settle:
        kf.tolerance = 0.0
    if conserve:
        kf.set_conserve_memory(
            memory_no_forecast=True, memory_no_predicted=True, memory_no_gain=True, memory_no_smoothing=True,
            memory_no_std_forecast=True,
        )  # fmt: skip

    def call() -> Any:
        kf.bind(model.z)
        return kf.filter()

    def read(out: Any) -> Answer:
        return Answer(out.filtered_state.T, out.filtered_state_cov.transpose(2, 0, 1), out.llf_obs)

    variant = ", memory conserved" if conserve else "" if settle else ", every row computed"
    return Contender(NAME + variant, len(model.z), call, read)
