"""Intervals of every Gaussian result, and the columns of a run that are chosen."""

import numpy as np
import pytest
from scipy.stats import norm

import foglight as fog

RADAR = fog.sensing.linear("radar", of=("gap", "side"), std=(0.8, 0.5))
WALK = fog.motion.constant_velocity(("gap", "side"), accel=(0.4, 0.3))
MODEL = fog.Model(
    WALK,
    [RADAR, fog.sensing.linear("tape", of="gap", std=0.3)],
    fog.Belief([50, 1, -1, 0.5], std=[5, 2, 1, 0.7]),
)
LOG, _ = fog.simulate(MODEL, steps=40, dt=0.1, seed=1, missing=0.2)
RUN = fog.run(MODEL, LOG)


@pytest.mark.parametrize("probability", [0.5, 0.95, 0.999])
def test_intervals_hold_their_probability(probability: float) -> None:
    for found in (RUN.filtered, RUN.predicted, fog.smooth(RUN), RUN.belief, fog.forecast(RUN, steps=3).state):
        low, high = found.interval(probability)
        assert low.shape == found.mean.shape
        inside = norm.cdf(high, found.mean, found.std) - norm.cdf(low, found.mean, found.std)
        np.testing.assert_allclose(inside, probability, rtol=1e-12)


def test_intervals_end_at_limits_but_for_predictions() -> None:
    motion = fog.motion.constant_velocity("gap", accel=0.4)
    from dataclasses import replace

    bounded = replace(motion, limits={"gap": (0.0, None)})
    model = fog.Model(
        bounded, [fog.sensing.linear("radar", "gap", 0.8)], fog.Belief([1.0, -0.5], std=[2.0, 1.0])
    )
    run = fog.run(model, fog.Log.regular([0.9, 0.3, 0.2, -0.4, 0.1], dt=1.0))
    for found in (run.filtered, fog.smooth(run)):
        low, high = found.interval()
        assert low[:, 0].min() == 0.0 and (high >= low).all()
    assert run.predicted.interval()[0][:, 0].min() < 0.0


def test_intervals_of_unknown_states_are_infinite() -> None:
    run = fog.run(fog.Model(WALK, [RADAR], None), fog.Log.regular(np.ones((3, 2)), dt=0.1))
    low, high = run.filtered.interval()
    assert np.isinf(low[0, 2:]).all() and np.isinf(high[0, 2:]).all() and np.isfinite(low[2]).all()
    low, high = fog.Belief([1.0, 2.0], std=[np.inf, 0.5]).interval()
    assert low[0] == -np.inf and high[0] == np.inf and np.isfinite([low[1], high[1]]).all()


@pytest.mark.parametrize("probability", [0.0, 1.0, float("nan"), "0.9", None])
def test_what_is_no_probability_is_refused(probability: object) -> None:
    for found in (RUN.filtered, RUN.belief):
        with pytest.raises(fog.ModelError, match=r"probability = .*: expected a number between 0 and 1"):
            found.interval(probability)


def test_groups_of_columns() -> None:
    table = RUN.columns(["reading", "predicted", "innovation", "gain"])
    np.testing.assert_array_equal(table["radar.side"], LOG["radar.side"])
    np.testing.assert_array_equal(table["side_predicted"], RUN.predicted.mean[:, 1])
    np.testing.assert_array_equal(table["side_predicted_std"], RUN.predicted.std[:, 1])
    np.testing.assert_array_equal(table["tape.gap_innovation"], RUN.innovation[:, 2])
    np.testing.assert_array_equal(table["tape.gap_innovation_std"], np.sqrt(RUN.innovation_cov[:, 2, 2]))
    np.testing.assert_array_equal(table["gap_speed_gain_tape.gap"], RUN.gain[:, 2, 2])
    assert list(RUN.columns("nis")) == ["time", "nis"]


def test_without_a_choice_the_columns_are_those_of_before() -> None:
    assert list(RUN.columns())[-3:] == ["nis", "loglik", "status"]
    chosen = RUN.columns(["filtered", "noise_scale", "nis", "loglik", "status"])
    assert list(chosen) == list(RUN.columns())


def test_columns_of_tracks_follow_one_another() -> None:
    log = fog.Log.regular(np.arange(24.0).reshape(2, 4, 3)[..., :2] / 7.0, dt=0.1)
    run = fog.run(fog.Model(WALK, [RADAR], MODEL.start), log)
    table = run.columns(["reading", "gain"])
    assert table["track"].tolist() == [0] * 4 + [1] * 4
    np.testing.assert_array_equal(table["radar.gap"], run._received[..., 0].ravel())
    np.testing.assert_array_equal(table["side_gain_radar.gap"], run.gain[:, :, 1, 0].ravel())


def test_an_unknown_group_is_refused_and_frames_take_groups() -> None:
    with pytest.raises(
        fog.ModelError, match="which = 'gains': expected some of filtered, predicted, reading"
    ):
        RUN.columns("gains")
    frame = RUN.to_frame("pandas", ["innovation"])
    assert list(frame.columns)[:2] == ["time", "radar.gap_innovation"] and len(frame) == 40
