"""A long gap, and a step that is longer still: the belief grows as the closed form says, and the row is marked."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import foglight as fog

ACCEL = 0.4
P = [[2.0, 0.3], [0.3, 1.0]]


def walk() -> fog.Model:
    radar = fog.sensing.linear("radar", of="gap", std=0.8)
    return fog.Model(
        fog.motion.constant_velocity(("gap",), accel=ACCEL), [radar], start=fog.Belief([5, -1], cov=P)
    )


def grown(P: Any, dt: float) -> list[list[Fraction]]:
    """F P Fᵀ + Q of a constant velocity over dt, in rational arithmetic."""
    t, q = Fraction(dt), Fraction(ACCEL) ** 2
    a, b, c = (Fraction(float(v)) for v in (P[0][0], P[0][1], P[1][1]))
    cross = b + t * c + q * t**2 / 2
    return [[a + 2 * t * b + t**2 * c + q * t**3 / 3, cross], [cross, c + q * t]]


@pytest.mark.parametrize("dt", [3_600.0, 86_400.0, 1e9])
def test_over_a_gap_the_covariance_grows_as_the_closed_form(dt: float) -> None:
    log = fog.Log.from_arrays([0.0, 0.5, 0.5 + dt], radar=[5.2, 4.9, 5.0])
    run = fog.run(walk(), log, gap=60.0)
    exact = grown(run.filtered.cov[1], float(np.diff(log.time_ns)[1]) / 1e9)
    found = run.predicted.cov[2]
    scale = [float(exact[i][i]) ** 0.5 for i in range(2)]
    for i in range(2):
        for j in range(2):
            assert abs(Fraction(float(found[i, j])) - exact[i][j]) <= 1e-14 * scale[i] * scale[j]
    assert [bool(status & fog.Status.AFTER_GAP) for status in run.status] == [False, False, True]
    assert np.isfinite(run.filtered.cov).all() and run.filtered.std[2, 0] <= 0.8


def test_a_gap_of_silent_rows_is_the_gap() -> None:
    """Rows without a reading predict, and do nothing else: many short steps are the long one, to rounding."""
    time = np.concatenate([[0.0, 0.5], 0.5 + 36.0 * np.arange(1, 101)])
    silent = np.full(102, np.nan)
    silent[[0, 1, -1]] = 5.2, 4.9, 5.0
    many = fog.run(walk(), fog.Log.from_arrays(time, radar=silent))
    one = fog.run(walk(), fog.Log.from_arrays(time[[0, 1, -1]], radar=silent[[0, 1, -1]]))
    np.testing.assert_allclose(many.predicted.cov[-1], one.predicted.cov[-1], rtol=1e-12)
    np.testing.assert_allclose(many.filtered.mean[-1], one.filtered.mean[-1], rtol=1e-9)
    assert (many.status[2:-1] == int(fog.Status.MISSING)).all()
