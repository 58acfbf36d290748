"""statsmodels: a Kalman filter in Cython, as its state space models use it."""

from typing import Any

import numpy as np
from answers import Answer
from contender import Contender
from models import Linear
from statsmodels import __version__
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter
from statsmodels.tsa.statespace.kalman_smoother import SMOOTHER_STATE, SMOOTHER_STATE_COV, KalmanSmoother
from statsmodels.tsa.statespace.simulation_smoother import SIMULATION_STATE, SimulationSmoother

NAME = "statsmodels"
IMPORTS = "statsmodels.tsa.statespace.kalman_filter"


def version() -> str:
    return str(__version__)


def built(model: Linear, kind: Any) -> Any:
    """A filter, smoother or simulation smoother of a model with a known start."""
    kf = kind(model.axes, model.n, k_posdef=model.n)
    kf["transition"], kf["selection"], kf["design"] = model.F, model.F * 0, model.H
    kf["selection", range(model.n), range(model.n)] = 1.0
    kf["state_cov"], kf["obs_cov"] = model.Q, model.R
    kf.initialize_known(model.mean, model.cov)
    return kf


def every_row(model: Linear) -> Contender:
    """Without stopping at settled covariances."""
    return series(model, settle=False)


def series(model: Linear, *, settle: bool = True, conserve: bool = False) -> Contender:
    """Known start, otherwise its defaults.

    It stops computing covariances once they have settled, which a model with constant matrices and no gaps allows;
    without `settle` it computes every row. `conserve` keeps only the filtered moments and the log-likelihood.
    """
    kf = built(model, KalmanFilter)
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


def smoother(model: Linear, *, everything: bool = False) -> Contender:
    """Filter and smoother, every row computed: means and covariances of the states alone, or `everything` that it
    computes by default, the disturbances too."""
    kf = built(model, KalmanSmoother)
    kf.tolerance = 0.0

    def call() -> Any:
        kf.bind(model.z)
        return kf.smooth() if everything else kf.smooth(smoother_output=SMOOTHER_STATE | SMOOTHER_STATE_COV)

    def read(out: Any) -> Answer:
        return Answer(out.smoothed_state.T, out.smoothed_state_cov.transpose(2, 0, 1), out.llf_obs)

    name = f"{NAME}, with disturbances" if everything else NAME
    return Contender(name, len(model.z), call, read)


def draws(model: Linear, count: int) -> Contender:
    """`count` draws of the trajectory by its simulation smoother, which filters and smooths simulated readings; the
    answer is their mean."""
    kf = built(model, SimulationSmoother)
    kf.tolerance = 0.0

    def call() -> Any:
        kf.bind(model.z)
        simulation = kf.simulation_smoother(simulation_output=SIMULATION_STATE, random_state=1)
        paths = []
        for _ in range(count):
            simulation.simulate()
            paths.append(np.array(simulation.simulated_state.T))
        return np.array(paths)

    return Contender(NAME, count * len(model.z), call, lambda paths: Answer(paths.mean(axis=0)))
