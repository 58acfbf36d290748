"""The truth in every form that users have it, and errors against it: by hand, and where only some states are known."""

from typing import Any

import numpy as np
import polars as pl
import pytest

import foglight as fog
from foglight.diagnostics.truth import Errors, errors_from, truth_of
from unit.gaussians import gaussian

MODEL = fog.Model(
    fog.motion.constant_velocity(("gap",), accel=0.4),
    [fog.sensing.linear("radar", of="gap", std=0.8)],
    fog.Belief([5.0, 0.0], std=[2.0, 1.0]),
)
LOG = fog.Log.from_arrays([0.0, 0.5, 0.7, 1.2], radar=[5.1, 4.7, 4.4, 4.9])
GAP, SPEED = np.array([5.0, 4.8, 4.6, 4.7]), np.array([-0.4, -0.5, 0.1, 0.2])
BOTH = np.column_stack([GAP, SPEED])


@pytest.mark.parametrize(
    "truth",
    [
        BOTH,
        BOTH.tolist(),
        {"gap": GAP, "gap_speed": SPEED},
        pl.DataFrame({"gap_speed": SPEED, "gap": GAP}),
        {
            "time": [0.0, 0.5, 0.6, 0.7, 1.2],
            "gap": np.insert(GAP, 2, 9.0),
            "gap_speed": np.insert(SPEED, 2, 9.0),
        },
        fog.Log.from_arrays([0.0, 0.5, 0.7, 1.2, 1.3], gap=[*GAP, 9.0], gap_speed=[*SPEED, 9.0]),
    ],
    ids=["array", "lists", "columns", "frame", "stamps", "log"],
)
def test_truth_is_read_in_every_form(truth: Any) -> None:
    np.testing.assert_array_equal(truth_of(truth, MODEL, LOG), BOTH)


def test_what_is_not_given_is_unknown() -> None:
    np.testing.assert_array_equal(
        truth_of({"gap": GAP}, MODEL, LOG), np.column_stack([GAP, np.full(4, np.nan)])
    )
    some = truth_of({"time": [0.5, 1.2], "gap": [1.0, 2.0]}, MODEL, LOG)
    np.testing.assert_array_equal(some[:, 0], [np.nan, 1.0, np.nan, 2.0])


def test_tracks_are_told_apart() -> None:
    ragged = fog.Log.from_arrays([0.0, 0.5, 0.0, 0.5], radar=[1.0, 2.0, 3.0, 4.0], track=["a", "a", "b", "b"])
    truth = {"track": ["b", "b", "a"], "time": [0.0, 0.5, 0.5], "gap": [3.0, 4.0, 2.0]}
    np.testing.assert_array_equal(truth_of(truth, MODEL, ragged)[:, 0], [np.nan, 2.0, 3.0, 4.0])
    side = fog.Log.regular(np.ones((3, 4, 1)), dt=0.5)
    whole = np.arange(24.0).reshape(3, 4, 2)
    np.testing.assert_array_equal(truth_of(whole, MODEL, side), whole)


@pytest.mark.parametrize(
    "truth, says",
    [
        (GAP, r"truth has shape \(4,\): expected \(4, 2\).*\{'gap': \[...\]\}"),
        ({"speed": SPEED}, "column 'speed' is not a state of the model: expected some of gap, gap_speed"),
        ({"gap": GAP[:3]}, r"truth\['gap'\] has 3 values: expected 4"),
        ({"time": [8.0, 9.0], "gap": [1.0, 2.0]}, "none of its 2 stamps, from 8 s on, is in the log, which"),
        (np.where(np.eye(4, 2), np.inf, BOTH), r"truth\[0, 0\] = inf: expected a finite number"),
        ("truth.csv", r"truth = 'truth\.csv': .* Write truth=fog\.Log\.read\('truth\.csv'\)"),
    ],
    ids=["shape", "name", "length", "clock", "infinite", "file"],
)
def test_what_does_not_fit_is_refused(truth: Any, says: str) -> None:
    with pytest.raises(fog.DataError, match=says) as caught:
        truth_of(truth, MODEL, LOG)
    assert caught.value.field == "truth"


def errors_of(run: fog.Run, truth: Any) -> Errors:
    return errors_from(run.filtered, run.model, truth_of(truth, run.model, run.log))


def test_errors_are_those_of_the_known_states() -> None:
    run = fog.run(MODEL, LOG)
    truth = BOTH.copy()
    truth[1, 0], truth[2] = np.nan, np.nan
    error, nees, known, density = errors_of(run, truth)
    np.testing.assert_array_equal(error, run.filtered.mean - truth)
    assert known.tolist() == [2, 1, 0, 2]
    assert np.isnan(nees[2]) and np.isnan(density[2])
    for k, which in ((0, [0, 1]), (1, [1]), (3, [0, 1])):
        P, e = run.filtered.cov[k][np.ix_(which, which)], error[k, which]
        distance = e @ np.linalg.solve(P, e)
        assert nees[k] == pytest.approx(distance, rel=1e-12)
        assert density[k] == pytest.approx(
            -0.5 * (distance + np.linalg.slogdet(2.0 * np.pi * P)[1]), rel=1e-12
        )


def test_nees_of_a_nearly_singular_belief_keeps_its_digits() -> None:
    """From the factor: a solve with the covariance would lose them."""
    rng = np.random.default_rng(5)
    _, U, D = gaussian(rng, 4)
    D = D * np.array([1.0, 1e-9, 1e3, 1e-14])
    e = U @ (np.sqrt(D) * np.array([1.0, -2.0, 0.5, 3.0]))

    class One:
        std = np.ones((1, 4))
        factor = U[None], D[None]

        def _errors(self, truth: Any) -> Any:
            return e[None] - truth

    model = fog.linear_model(
        np.eye(4) + 0.1, np.eye(4), np.eye(1, 4), 1.0, start=fog.Belief(np.zeros(4), std=np.ones(4))
    )
    found: Any = One()
    assert errors_from(found, model, np.zeros((1, 4))).nees[0] == pytest.approx(14.25, rel=1e-9)


def test_angles_are_off_by_less_than_half_a_turn() -> None:
    turning = fog.Motion(
        ("course",), lambda x, dt, p: [x.course], lambda x, dt, p: [[0.01]], angles=("course",)
    )
    compass = fog.Sensor(
        "compass", ("course",), lambda x, p: [x.course], lambda x, p: [[0.02]], angles=("course",)
    )
    model = fog.Model(turning, [compass], fog.Belief([3.1], std=[0.1]))
    run = fog.run(model, fog.Log.from_arrays([0.0, 1.0], compass=[3.12, -3.13]))
    error = errors_of(run, np.array([[-3.13], [3.12]])).error
    assert (np.abs(error) < 0.1).all()


def test_a_state_of_which_nothing_is_known_yet_has_no_error() -> None:
    """Without a start the speed is unknown until the second reading: its errors begin there, the gap's at once."""
    walk = fog.Model(
        fog.motion.constant_velocity("gap", accel=0.4), [fog.sensing.linear("radar", of="gap", std=0.8)], None
    )
    started = fog.Model(walk.motion, walk.sensors, fog.Belief([5, 0], std=[5, 1]))
    log, truth = fog.simulate(started, 50, dt=0.1, seed=1)
    run = fog.run(walk, log)
    errors = errors_of(run, truth)
    assert np.isinf(run.filtered.std[0, 1]) and np.isnan(errors.error[0, 1])
    assert errors.known.tolist() == [1] + [2] * 49
    assert errors.nees[0] == pytest.approx((errors.error[0, 0] / 0.8) ** 2)
    assert np.isfinite(errors.nees).all() and np.isfinite(errors.log_density).all()
