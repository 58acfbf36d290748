"""Functions evaluated at each sigma point are named, and need points far enough apart."""

from typing import Any

import numpy as np
import pytest

import foglight as fog

LOG = fog.Log.regular(np.linspace(1.0, 3.0, 7), dt=0.5)


def model(measure: Any) -> fog.Model:
    sensor = fog.Sensor("gauge", ("level",), measure, lambda x, p: [[0.4]])
    return fog.Model(
        fog.motion.constant_velocity(("a",), accel=0.3),
        [sensor],
        start=fog.Belief([1.5, 0.2], std=[0.7, 0.3]),
    )


def test_a_step_is_evaluated_at_points_and_the_engine_reports_it() -> None:
    run = fog.run(model(lambda x, p: [np.floor(4 * x.a) / 4]), LOG, method=fog.UKF())
    assert "gauge.measure at points (floor)" in run.engine
    assert "points" not in fog.run(model(lambda x, p: [np.sin(x.a)]), LOG, method=fog.UKF()).engine


@pytest.mark.parametrize(
    "measure", [lambda x, p: [np.floor(x.a)], fog.opaque(lambda x, p: [x.a])], ids=["floor", "opaque"]
)
def test_points_too_close_together_are_refused(measure: Any) -> None:
    with pytest.raises(fog.ModelError, match=r"alpha = 0\.001.*gauge\.measure.*alpha >= 0\.1.*fog\.UKF\(\)"):
        fog.run(model(measure), LOG, method=fog.UKF(alpha=1e-3))
    fog.run(model(measure), LOG, method=fog.UKF(alpha=0.1))


def test_a_condition_that_is_returned_counts_as_one_or_zero() -> None:
    condition = fog.run(model(lambda x, p: [x.a > 1.6]), LOG, method=fog.EKF())
    same = fog.run(model(lambda x, p: [np.where(x.a > 1.6, 1.0, 0.0)]), LOG, method=fog.EKF())
    assert np.array_equal(condition.innovation, same.innovation)
    assert set((LOG.bind(model(lambda x, p: [x.a]))[:, 0] - condition.innovation[:, 0]).round(12)) <= {
        0.0,
        1.0,
    }
