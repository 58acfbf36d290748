"""The model with coloured noise: the noise of one chosen component is correlated over time.

An additional state n of mean 0 and variance 1 decays at a rate: n' = exp(-rate dt) n + w (Ornstein & Uhlenbeck 1930).
Component j reads z = h(x) + c_j √ρ σ_j n + v, where the rest 1 - ρ of its variance σ_j² stays white. With c = 0 it is
the original model. One kernel serves all components and all rates, since both are parameters.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.cache import engine_of
from foglight.compiler.kept import kept
from foglight.compiler.kernel import LOGLIK
from foglight.core.errors import FoglightError
from foglight.core.types import Floats
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.check.perturbations import PerturbedParameters
from foglight.diagnostics.check.perturbed_model import unused_name
from foglight.diagnostics.check.score_test import Evaluated, ScoreTest
from foglight.diagnostics.check.wider_start import wider_start
from foglight.equations.gaussian import Factored
from foglight.inference.prepare import start_carry
from foglight.model.model import MOTION, Model, Motion, Sensor
from foglight.model.noise import independent
from foglight.model.opaque_functions import like
from foglight.model.parameters import Param, params_of
from foglight.model.part_functions import PartFunctions, side_by_side

_NOISE = "colour"
_SHARE = 0.95  # share ρ of the variance that is coloured: the rest keeps R positive definite
_LAGS = 5  # reports apart at which the innovations of a component with coloured noise are correlated most
TRIED = (0.3, 0.55, 0.75, 0.9, 0.97)  # correlations from one step of the log to the next


def coloured(model: Model) -> Model:
    """The model with the additional state, and with parameters `colour_rate` (1/s) and `colour_MEASURE` (0 or 1)."""
    sensors = [_sensor(s, model.state) for s in model.sensors]
    return Model(_motion(model.motion), sensors, wider_start(model, [1.0]), verify=False)


def colour_names(model: Model) -> tuple[list[str], str]:
    """What `coloured` calls the parameters of this model that choose each component, and the rate."""
    chosen = [f"{sensor.name}.{name}" for sensor in model.sensors for name in _chosen(sensor)]
    return chosen, f"{MOTION}.{_rate(model.motion)}"


def _rate(motion: Motion) -> str:
    return unused_name(f"{_NOISE}_rate", "", motion.params)


def _chosen(sensor: Sensor) -> list[str]:
    return [unused_name(_NOISE, measure, sensor.params) for measure in sensor.measures]


def _motion(motion: Motion) -> Motion:
    n, rate = len(motion.ambient), _rate(motion)
    extra = unused_name(_NOISE, "", dict.fromkeys((*motion.ambient, *motion.state)))

    original = PartFunctions(motion, motion.ambient)

    def dynamics(x: Any, dt: Any, p: Any, *u: Any) -> list[Any]:
        return [*original.dynamics(x, dt, p, *u), x[n] * np.exp(-dt * getattr(p, rate))]

    def noise(x: Any, dt: Any, p: Any, *u: Any) -> Any:
        Q = original.noise(x, dt, p, *u)
        fresh = -np.expm1(-2.0 * dt * getattr(p, rate))
        return side_by_side(Q, independent([fresh]) if isinstance(Q, Factored) else np.array([[fresh]]))

    return replace(
        motion, state=(*motion.state, extra), dynamics=like((motion.dynamics,), dynamics),
        noise=like((motion.noise,), noise), params=params_of(motion) | {rate: Param(1.0)},
    )  # fmt: skip


def _sensor(sensor: Sensor, state: tuple[str, ...]) -> Sensor:
    n, m, chosen = len(state), len(sensor.measures), _chosen(sensor)

    original = PartFunctions(sensor, state)

    def measure(x: Any, p: Any, *u: Any) -> list[Any]:
        predicted, R = original.measure(x, p, *u), original.full_noise(x, p, *u)
        return [
            value + getattr(p, name) * (_SHARE * R[j, j]) ** 0.5 * x[n]
            for j, (value, name) in enumerate(zip(predicted, chosen, strict=True))
        ]

    def noise(x: Any, p: Any, *u: Any) -> NDArray[Any]:
        R = original.full_noise(x, p, *u)
        left = [(1.0 - _SHARE * getattr(p, name)) ** 0.5 for name in chosen]
        return np.array([[R[i, j] * left[i] * left[j] for j in range(m)] for i in range(m)])

    return replace(
        sensor, measure=like((sensor.measure,), measure), noise=like((sensor.noise,), noise),
        params=params_of(sensor) | dict.fromkeys(chosen, Param(0.0)),
    )  # fmt: skip


class Colours:
    """A perturbed model with coloured noise in addition, to be tried at any of its perturbations."""

    def __init__(self, score_test: ScoreTest, perturbed: PerturbedParameters) -> None:
        self.score_test, self._perturbed = score_test, perturbed
        model = perturbed.model
        found = kept(perturbed.original, ("coloured",), lambda: coloured(model)).with_parameters(
            model.parameters
        )
        self._model = found.with_start(wider_start(model, [1.0]))
        self._names = tuple(self._model.parameters)
        steps = perturbed.arrays.dt[perturbed.arrays.dt > 0.0]
        self._step = float(np.median(steps)) if len(steps) else 0.0
        self._chosen, self._rate = colour_names(model)

    def best(self, point: Evaluated) -> tuple[int, float, Evaluated] | None:
        """The most likely component and correlation from step to step at this point, and the innovations with them."""
        if not self._step:
            return None
        found: list[tuple[float, int, float]] = []
        for component in most_correlated(point.innovations, self.score_test.effort.coloured):
            for rho in TRIED:
                try:
                    loglik = float(np.sum(self._scan(point.theta, component, rho)[0][:, LOGLIK]))
                except FoglightError:
                    continue
                if np.isfinite(loglik):
                    found.append((loglik, component, rho))
        if not found:
            return None
        _, component, rho = max(found)
        best = self.score_test.of(point.theta, lambda: self._scan(point.theta, component, rho)[1])
        return None if best is None else (component, rho, best)

    def _scan(self, theta: Floats, component: int, rho: float) -> tuple[Floats, Floats]:
        """The carry and the recorded innovations with this noise."""
        moved = self._perturbed.moved(theta)
        known = dict(zip(self._perturbed.model.parameters, moved.params, strict=True))
        colour = {self._chosen[component]: 1.0, self._rate: -np.log(rho) / self._step}
        values = self._model.parameters | known | colour
        method = self._perturbed.method
        carry = np.tile([*start_carry(self._model, method), 0.0, 0.0], (len(moved.carry), 1))
        n = len(self._perturbed.model.state)
        carry[:, :n] = moved.carry[:, :n]
        arrays = replace(moved, params=np.array([float(values[name]) for name in self._names]), carry=carry)
        self._perturbed.count()
        return engine_of(self._model, method, "innovations").run(arrays)


def most_correlated(found: Innovations, most: int) -> list[int]:
    """At most this many components, those whose innovations are most correlated over a few reports; all if they are so
    few."""
    M = found.value.shape[1]
    if most >= M:
        return list(range(M))
    largest = np.zeros(M)
    for i in range(M):
        rows = np.flatnonzero(found.used[:, i])
        value, track = found.value[rows, i], found.track[rows]
        for lag in range(1, min(_LAGS, len(rows) - 1) + 1):
            products = (value[lag:] * value[:-lag])[track[lag:] == track[:-lag]]
            largest[i] = max(largest[i], abs(float(products.sum())) / max(float(value @ value), 1e-300))
    return sorted(np.argsort(-largest, kind="stable")[:most].tolist())


def colours_of(score_test: ScoreTest) -> Colours | None:
    """Coloured noise to try; None if the model cannot be extended by it (matrices by row, an unknown start), or if that
    is too much effort."""
    if not score_test.effort.coloured:
        return None
    perturbed = score_test.perturbed
    if not isinstance(perturbed, PerturbedParameters) or perturbed.model.start is None:
        return None
    if perturbed.model.start.unknown.size:
        return None
    try:
        return Colours(score_test, perturbed)
    except FoglightError:  # if its noise depends on the state, a sensor becomes nonlinear, which KF() refuses
        return None
