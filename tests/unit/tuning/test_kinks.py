"""A Student-t likelihood has its maximum at a kink more often than not; tuning must end there all the same."""

import numpy as np
import pytest

import foglight as fog
from foglight.tuning.ascent import ENOUGH

MODEL = fog.Model(
    fog.motion.constant_velocity(("x", "y"), accel=0.5),
    [fog.sensing.linear("gps", of=("x", "y"), std=2.0)],
    start=fog.Belief([0, 0, 5, 1], std=[5, 5, 2, 2]),
)


@pytest.mark.parametrize(("method", "seed"), [(fog.KF(student=4), 0), (fog.EKF(student={"gps": 4}), 0)])
def test_a_maximum_at_a_kink_is_reached(method: fog.KF | fog.EKF, seed: int) -> None:
    """The gradient changes its sign over a millionth of a standard error, and no point around is higher."""
    log = fog.simulate(MODEL, steps=200, dt=0.1, seed=seed)[0]
    fit = fog.tune(MODEL, log, method=method, heldout=False)
    objective, point = fit.objective, fit.ascent.point
    units = 1.0 / np.sqrt(np.diag(point.information))
    assert fit.converged and np.abs(point.gradient * units).max() > 1e3 * ENOUGH**0.5 / 10.0
    rng = np.random.default_rng(1)
    around = rng.normal(size=(60, 2)) * np.repeat([1e-3, 1e-2, 0.1], 20)[:, None] * units
    assert (objective.at_each(objective.moved(point.values, around)).value < point.value).all()
    # The curvature is that over many kinks: the standard errors are near those without them.
    plain = fog.tune(MODEL, log, heldout=False)
    for name, error in fit.std_errors.items():
        assert 0.7 < error / plain.std_errors[name] < 2.0
