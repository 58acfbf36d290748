"""What is simulated has the covariance of the model, exactly: one run per unit vector of what is drawn."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from oracle import dense
from oracle.matrices import floats
from oracle.metrics import within

from .linear_cases import STAMPED, WIND, gusts, stamped_model, transition

Array = NDArray[np.float64]
STEPS, DT = 4, 0.3


def drawn(model: fog.Model, unit: tuple[str, int] | None) -> Array:
    """All states and then all measurements of a simulation whose draws are 0 but for one."""

    def normals(uniforms: Array) -> Array:
        out = np.zeros(uniforms.shape[:-1])
        kind = "start" if out.ndim == 1 else "rows"
        if unit is not None and unit[0] == kind:
            out.flat[unit[1]] = 1.0
        return out

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("foglight.inference.simulate.normals", normals)
        log, truth = fog.simulate(model, STEPS, DT, seed=1)
    return np.concatenate([truth.ravel(), log.bind(model).ravel()])


def test_a_simulation_has_the_covariance_of_the_model() -> None:
    """Start, process and measurements: four states, noise of rank two, two sensors."""
    model = stamped_model()
    mean = drawn(model, None)
    units = [("start", i) for i in range(4)] + [("rows", i) for i in range(STEPS * (2 + 3))]
    deviation = np.array([drawn(model, unit) for unit in units]) - mean
    F, (G, v) = transition(DT), gusts(DT)
    given: Any = (F, (G * np.array(v)) @ G.T, STAMPED.mean, STAMPED.cov, WIND * DT, STEPS, False)
    m, C = dense.trajectory(*given)
    z = np.zeros((STEPS, 3))
    seen, H, R, _ = dense.measurements(STAMPED.H[0], STAMPED.R[0], STAMPED.d[0], z, 4)
    expected = floats(np.block([[C, C @ H.T], [H @ C, H @ C @ H.T + R]]))
    size = np.sqrt(np.diag(expected))
    within("cov", np.abs(deviation.T @ deviation - expected) / np.outer(size, size), 1e-12)
    within("mean", np.abs(mean - floats(np.concatenate([m, H @ m - seen]))) / size, 1e-12)
