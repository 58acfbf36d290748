"""Readings in place of others, in logs of all layouts."""

import numpy as np
import pytest

import foglight as fog
from foglight.data.replaced_readings import with_readings

MOTION = fog.motion.constant_velocity(("x", "y"), accel=0.5)
START = fog.Belief([0.0, 0.0, 1.0, 1.0], std=[3.0, 3.0, 2.0, 2.0])
MODEL = fog.Model(
    MOTION,
    [fog.sensing.linear("gps", of=("x", "y"), std=1.0), fog.sensing.linear("odo", of=("x_speed",), std=0.2)],
    START,
)
ONE = fog.Model(MOTION, MODEL.sensors[:1], START)
Z = np.array([[1.0, 2.0, 7.0], [3.0, np.nan, 8.0], [4.0, 6.0, 9.0]])
TIME = [0.0, 0.5, 1.5]


def long() -> fog.Log:
    """The same readings in long format: a row for each report of a sensor."""
    import pandas as pd

    rows = [
        {"time": t, "sensor": name, "a": z[0], "b": z[1] if len(z) > 1 else np.nan}
        for t, row in zip(TIME, Z, strict=True)
        for name, z in (("gps", row[:2]), ("odo", row[2:]))
    ]
    return fog.Log.from_frame(pd.DataFrame(rows), sensor="sensor")


LOGS = {
    "blocks": lambda: fog.Log.from_arrays(TIME, odo=Z[:, 2], gps=Z[:, :2]),
    "columns": lambda: fog.Log.from_arrays(TIME, **{"y": Z[:, 1], "odo": Z[:, 2], "gps.x": Z[:, 0]}),
    "long format": long,
}


@pytest.mark.parametrize("layout", LOGS)
def test_readings_are_replaced_where_they_came_from(layout: str) -> None:
    log = LOGS[layout]()
    z = log.bind(MODEL).copy()
    before = z.copy()
    z[np.flatnonzero(z[:, 0] == 3.0), 0] = np.nan
    z[np.flatnonzero(z[:, 2] == 9.0), 2] = -1.0
    changed = with_readings(log, MODEL, z)
    np.testing.assert_array_equal(changed.bind(MODEL), z)
    np.testing.assert_array_equal(log.bind(MODEL), before)  # the log itself is as it was
    assert list(changed.blocks) == list(log.blocks)
    assert changed.time_ns.tolist() == log.time_ns.tolist()


def test_tracks_side_by_side_keep_their_places() -> None:
    log = fog.Log.regular(np.arange(12.0).reshape(2, 3, 2), dt=0.5)
    z = log.bind(ONE).copy()
    z[1, 2, 0] = np.nan
    np.testing.assert_array_equal(with_readings(log, ONE, z).bind(ONE), z)


def test_a_log_that_fits_another_model_is_refused() -> None:
    log = LOGS["blocks"]()
    with pytest.raises(
        fog.DataError, match=r"the log has readings of shape \(3, 3\) for this model: expected \(2, 3\)"
    ):
        with_readings(log, MODEL, np.zeros((2, 3)))
