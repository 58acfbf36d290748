"""Names, order, units and the place of the seam are the user's choice: the answer does not depend on them.

In powers of two no bit depends on the units: any threshold that is not a ratio of like to like breaks this.
"""

from dataclasses import replace
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

import foglight as fog
from oracle import models, plain

from . import nonlinear
from .linear_cases import DISTINCT, READINGS, stamped_log, stamped_model
from .units import (
    assert_mixed,
    assert_scaled,
    differing,
    linear_run,
    mixed,
    scaled,
    unimodular,
    well_conditioned,
)

EVERY = [*DISTINCT, fog.UKF(alpha=1e-6)]


@pytest.mark.parametrize("method", EVERY, ids=repr)
def test_permuting_states_permutes_the_answer(method: Any) -> None:
    case = models.full(31, n=3, m=2, steps=25, missing=0.2, varying=True)
    expected = linear_run(case, method)
    moved = 0
    for order in permutations(range(3)):
        T = np.eye(3)[list(order)]
        assert_mixed(expected, linear_run(mixed(case, T), method), T)
        moved += 1
    assert moved == 6


UNITS = [((5, -3, 11, 2), (0, 0, 0)), ((-90, 60, 33, -1), (40, -50, 17))]


@cache
def in_plain_units(method: Any) -> Any:
    return fog.run(stamped_model(), stamped_log(READINGS), method=method)


@pytest.mark.parametrize("method", EVERY, ids=repr)
@pytest.mark.parametrize("states, measurements", UNITS, ids=str)
def test_powers_of_two_scale_exactly(states: Any, measurements: Any, method: Any) -> None:
    """Two sensors, one of which sees one state; uneven stamps, one twice; missing components; noise of rank two."""
    model = stamped_model(states=states, measurements=measurements)
    run = fog.run(model, stamped_log(READINGS * 2.0 ** np.array(measurements)), method=method)
    assert_scaled(in_plain_units(method), run, states, measurements, READINGS)


SHAPES = [(3, 2), (2, 3), (1, 1)]
exponent = st.integers(-100, 100)


@pytest.mark.parametrize("method", EVERY, ids=repr)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_powers_of_two_scale_random_models_exactly(shape: tuple[int, int], method: Any) -> None:
    n, m = shape
    tried = []

    @settings(max_examples=6, phases=[Phase.generate])
    @given(
        st.integers(0, 10_000),
        st.lists(exponent, min_size=n, max_size=n),
        st.lists(exponent, min_size=m, max_size=m),
    )
    def law(seed: int, states: list[int], measurements: list[int]) -> None:
        case = models.full(seed, n, m, steps=10, missing=0.25, varying=True)
        plain = linear_run(case, method)
        for units in ((states, [0] * m), ([0] * n, measurements), (states, measurements)):
            assert_scaled(plain, linear_run(scaled(case, *units), method), *units, case.z)
        tried.append(seed)

    law()
    assert len(tried) >= 6


def test_powers_of_two_scale_single_steps_exactly() -> None:
    case = models.full(43, n=3, m=2, steps=1)
    states, measurements = (12, -40, 7), (-30, 5)
    s, t = 2.0 ** np.array(states), 2.0 ** np.array(measurements)
    answers = []
    for c in (case, scaled(case, states, measurements)):
        belief = fog.predict(fog.Belief(c.mean, cov=c.cov), F=c.F, Q=c.Q, b=c.b)
        answers.append(fog.update(belief, z=c.z[0], H=c.H, R=c.R, d=c.d))
    (one, told), (other, told_other) = answers
    pairs = [
        (s * one.mean, other.mean), (s[:, None] * one.cov * s, other.cov), (told.nis, told_other.nis),
        (t * told.innovation, told_other.innovation), (s[:, None] * told.gain / t, told_other.gain),
        (t[:, None] * told.innovation_cov * t, told_other.innovation_cov),
    ]  # fmt: skip
    assert [differing(*pair) for pair in pairs] == [0] * 6
    assert told_other.loglik == pytest.approx(told.loglik - np.log(2) * sum(measurements), abs=1e-12)


@pytest.mark.parametrize("method", EVERY, ids=repr)
@pytest.mark.parametrize("shape", [(3, 2), (2, 3)], ids=str)
def test_any_linear_change_of_the_state_changes_nothing_else(shape: tuple[int, int], method: Any) -> None:
    n, m = shape
    tried = []

    @settings(max_examples=6, phases=[Phase.generate])
    @given(st.integers(0, 10_000), st.integers(0, 10_000))
    def law(seed: int, choice: int) -> None:
        case, T = models.full(seed, n, m, steps=10, missing=0.25, varying=True), unimodular(choice, n)
        assume(well_conditioned(case))
        assert_mixed(linear_run(case, method), linear_run(mixed(case, T), method), T)
        tried.append(np.count_nonzero(T))

    law()
    assert len(tried) >= 6 and max(tried) == n * n


def test_unlike_units_are_noticed() -> None:
    """The planted defect of the comparisons: thirds round, and a change of the state that the noise has not made."""
    plain = in_plain_units(fog.KF())
    assert differing(3.0 * plain.filtered.mean / 3.0, plain.filtered.mean) > 0
    case, T = models.full(5, 3, 2, steps=10, varying=True), unimodular(5, 3)
    wrong = replace(mixed(case, T), Q=case.Q)
    with pytest.raises(AssertionError, match="used"):
        assert_mixed(linear_run(case, fog.KF()), linear_run(wrong, fog.KF()), T)


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(), fog.CKF()], ids=repr)
def test_names_of_states_are_labels(method: Any) -> None:
    seconds, radar, camera = nonlinear.log()
    log = fog.Log.from_arrays(seconds, radar=radar, camera=camera)
    one = fog.run(nonlinear.walker(), log, method=method)
    other = fog.run(nonlinear.walker(names=("zeta", "beta", "alpha", "omega", "chi")), log, method=method)
    assert one.filtered.mean.tobytes() == other.filtered.mean.tobytes()
    assert one.filtered.cov.tobytes() == other.filtered.cov.tobytes()


@pytest.mark.parametrize(
    "method", [fog.EKF(), fog.EKF(iterations=4), fog.EKF(form="joseph"), fog.UKF(), fog.CKF()], ids=repr
)
def test_the_seam_of_an_angle_is_nowhere(method: Any) -> None:
    """The walker passes bearing pi and turns through yaw pi; seen with the map turned half round, it does not."""
    seconds, radar, camera = nonlinear.log()
    radar[16:22], camera[16:22] = np.nan, np.nan  # the walker turns through the seam unseen
    turn = nonlinear.TURN
    assert (radar[:, 1] > 2.5).any() and (radar[:, 1] < -2.5).any()
    turned_radar = np.column_stack([radar[:, 0], (radar[:, 1] + 2 * np.pi) % (2 * np.pi) - np.pi])
    turned_camera = np.column_stack([camera[:, 0] + np.pi, camera[:, 1]])
    one = fog.run(nonlinear.walker(), fog.Log.from_arrays(seconds, radar=radar, camera=camera), method=method)
    other = fog.run(
        nonlinear.walker(turned=True),
        fog.Log.from_arrays(seconds, radar=turned_radar, camera=turned_camera),
        method=method,
    )
    difference = other.filtered.mean @ turn - one.filtered.mean
    difference[:, 3] = plain.wrap(difference[:, 3] - np.pi)
    assert np.abs(difference).max() <= 1e-9
    assert np.abs(turn @ other.filtered.cov @ turn - one.filtered.cov).max() <= 1e-9
    assert one.loglik == pytest.approx(other.loglik, abs=1e-8)
    assert one.filtered.mean[:, 3].min() < -2.5 and one.filtered.mean[:, 3].max() > 2.5
    for run in (one, other):
        for yaw in (run.filtered.mean[:, 3], run.predicted.mean[:, 3]):
            assert (-np.pi <= yaw).all() and (yaw < np.pi).all()
        assert np.nanmax(np.abs(run.innovation[:, [1, 2]])) < 1.0


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_full_turns_of_a_measured_angle_are_nothing(method: Any) -> None:
    seconds, radar, camera = nonlinear.log()
    turns = np.where(np.arange(30) % 3 == 0, 2 * np.pi, np.where(np.arange(30) % 3 == 1, -4 * np.pi, 0.0))
    wound = np.column_stack([radar[:, 0], radar[:, 1] + turns])
    one, other = (
        fog.run(nonlinear.walker(), fog.Log.from_arrays(seconds, radar=z, camera=camera), method=method)
        for z in (radar, wound)
    )
    assert np.abs(one.filtered.mean - other.filtered.mean).max() <= 1e-11
