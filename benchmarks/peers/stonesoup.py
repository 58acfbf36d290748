"""Stone Soup: models, predictors and updaters as objects, a state object per row."""

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np
from answers import Answer
from contender import Contender
from models import Array, Linear, Turning, ctrv, ctrv_jacobian, radar, radar_jacobian
from stonesoup import __version__
from stonesoup.base import Property
from stonesoup.models.base import GaussianModel
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.measurement.nonlinear import NonLinearGaussianMeasurement
from stonesoup.models.transition.base import TransitionModel
from stonesoup.models.transition.linear import LinearGaussianTimeInvariantTransitionModel
from stonesoup.predictor.kalman import ExtendedKalmanPredictor, KalmanPredictor, UnscentedKalmanPredictor
from stonesoup.types.array import StateVector, StateVectors
from stonesoup.types.detection import Detection
from stonesoup.types.hypothesis import SingleHypothesis
from stonesoup.types.prediction import GaussianStatePrediction
from stonesoup.updater.kalman import ExtendedKalmanUpdater, KalmanUpdater, UnscentedKalmanUpdater

NAME = "Stone Soup"
IMPORTS = "stonesoup.predictor.kalman"
START = datetime.datetime(2020, 1, 1)


def version() -> str:
    return str(__version__)


def vectorised(function: Any, x: Any) -> Any:
    """Stone Soup passes one state (n, 1) or all sigma points at once (n, k)."""
    columns = np.asarray(x, dtype=float)
    out = np.array(function(np, columns))
    return StateVector(out) if columns.shape[1] == 1 else StateVectors(out)


class Turn(TransitionModel, GaussianModel):  # type: ignore[misc]
    dt: float = Property()
    Q: Array = Property()

    @property
    def ndim_state(self) -> int:
        return 5

    def function(self, state: Any, noise: Any = False, **_: Any) -> Any:
        return vectorised(lambda xp, x: ctrv(xp, x, self.dt), state.state_vector)

    def jacobian(self, state: Any, **_: Any) -> Array:
        return ctrv_jacobian(np.asarray(state.state_vector, dtype=float)[:, 0], self.dt)

    def covar(self, **_: Any) -> Array:
        return self.Q

    def rvs(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def pdf(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


class Radar(NonLinearGaussianMeasurement):  # type: ignore[misc]
    @property
    def ndim_meas(self) -> int:
        return 3

    def function(self, state: Any, noise: Any = False, **_: Any) -> Any:
        return vectorised(radar, state.state_vector)

    def jacobian(self, state: Any, **_: Any) -> Array:
        return radar_jacobian(np.asarray(state.state_vector, dtype=float)[:, 0])


def contender(model: Any, predictor: Any, updater: Any) -> Contender:
    """predict and update, one row at a time, from detections made beforehand."""
    step = datetime.timedelta(seconds=model.dt)
    detections = [
        Detection(StateVector(z), timestamp=START + k * step, measurement_model=updater.measurement_model)
        for k, z in enumerate(model.z)
    ]
    first = GaussianStatePrediction(StateVector(model.mean), model.cov, timestamp=START)

    def call() -> Any:
        states: list[Any] = []
        for detection in detections:
            guess = predictor.predict(states[-1], timestamp=detection.timestamp) if states else first
            states.append(updater.update(SingleHypothesis(guess, detection)))
        return states

    def read(states: Sequence[Any]) -> Answer:
        means = np.array([np.asarray(state.state_vector, dtype=float)[:, 0] for state in states])
        return Answer(means, np.array([state.covar for state in states], dtype=float))

    return Contender(NAME, len(model.z), call, read)


def linear(model: Linear) -> tuple[Any, Any]:
    return (
        LinearGaussianTimeInvariantTransitionModel(transition_matrix=model.F, covariance_matrix=model.Q),
        LinearGaussian(ndim_state=model.n, mapping=tuple(range(model.axes)), noise_covar=model.R),
    )


def nonlinear(model: Turning) -> tuple[Any, Any]:
    return Turn(dt=model.dt, Q=model.Q), Radar(ndim_state=5, mapping=(0, 1), noise_covar=model.R)


def series(model: Linear) -> Contender:
    motion, sensor = linear(model)
    return contender(model, KalmanPredictor(motion), KalmanUpdater(sensor))


online = series


def ekf(model: Turning) -> Contender:
    motion, sensor = nonlinear(model)
    return contender(model, ExtendedKalmanPredictor(motion), ExtendedKalmanUpdater(sensor))


def ukf(model: Turning | Linear) -> Contender:
    motion, sensor = linear(model) if isinstance(model, Linear) else nonlinear(model)
    shape = {"alpha": 1.0, "beta": 2.0, "kappa": 0.0}
    return contender(
        model, UnscentedKalmanPredictor(motion, **shape), UnscentedKalmanUpdater(sensor, **shape)
    )
