"""Every picture says what is wrong with what it shows, and nothing where chance explains it."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.pictures.plot.scenes import result_of

import foglight as fog
from foglight.pictures.plot import sentences


def gap(std: float = 0.8, accel: float = 0.4, start: fog.Belief | None = None) -> fog.Model:
    radar = fog.sensing.linear("radar", of="gap", std=std)
    known = fog.Belief([50.0, -1.0], std=[5.0, 1.0])
    return fog.Model(fog.motion.constant_velocity("gap", accel=accel), [radar], start or known)


LOG, TRUTH = fog.simulate(gap(), steps=400, dt=0.1, seed=1)
RIGHT, NARROW, STIFF = (fog.run(one, LOG) for one in (gap(), gap(std=0.4), gap(accel=0.01)))


def said(ax: Any) -> list[str]:
    """The lines of a title below its subject."""
    return ax.get_title(loc="left").split("\n")[1:]


@pytest.mark.parametrize(
    "draw",
    [
        lambda run: fog.plot.states(run, truth=TRUTH),
        fog.plot.innovations,
        fog.plot.nis,
        lambda run: [fog.plot.nees(run, TRUTH)],
        fog.plot.gain,
        fog.plot.autocorrelation,
        lambda run: [fog.plot.coverage(run)],
        lambda run: fog.plot.belief(run),
        lambda run: [fog.plot.map(run, "gap", "gap_speed", truth=TRUTH)],
        lambda run: fog.plot.components(run),
    ],
)
def test_a_healthy_filter_is_silent(draw: Any) -> None:
    assert [said(ax) for ax in draw(RIGHT)] == [[]] * len(draw(RIGHT))


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: fog.plot.states(NARROW, "gap", truth=TRUTH)[0], r"The true gap is inside its band in 7\d\.\d % "),
        (lambda: fog.plot.innovations(NARROW)[0], r"3\d % of radar.gap are beyond ±2σ, not 4\.6 %: "),
        (lambda: fog.plot.nis(NARROW)[0], r"NIS of radar is 3\.\d+ per component, above its band .*: .* overconfident"),
        (lambda: fog.plot.nis(fog.check(NARROW))[0], r"R_SMALL: radar gap noise is 2x too small"),
        (lambda: fog.plot.nees(NARROW, TRUTH), r"NEES is [23]\.\d+ per state, above its band .*overconfident"),
        (lambda: fog.plot.autocorrelation(STIFF)[0], r"\d+ of 20 lags are beyond their bounds, most"),
        (lambda: fog.plot.coverage(NARROW), r"\d+(\.\d)? % of radar are in the region that .* 90 %"),
        (lambda: fog.plot.map(NARROW, "gap", "gap_speed", truth=TRUTH), r"The true position is inside its ellipse in"),
        (lambda: fog.plot.forecast(fog.forecast(RIGHT, steps=600))[0], r"From step \d+ on, .* says nothing there"),
        (
            lambda: fog.plot.belief(fog.Belief([0.0], std=[1.0]), fog.Belief([9.0], std=[1.0]))[0],
            r"first and second are 6\.4 standard deviations apart: they contradict each other",
        ),
        (
            lambda: fog.plot.bend(fog.push(fog.Belief([1.0], std=[0.5]), lambda x: [x[0] ** 2])),
            r"UKF\(\) is nearest to the truth",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(draw: Any, sentence: str) -> None:
    lines = said(draw())
    assert any(re.match(sentence, line) for line in lines), lines


def test_a_bias_is_said_with_its_size_and_unit() -> None:
    radar = replace(fog.sensing.linear("radar", of="gap", std=0.8), units={"gap": "m"})
    steady = fog.Model(fog.motion.random_walk("gap", std=0.01), [radar], fog.Belief([0], std=[0.1]))
    rng = np.random.default_rng(4)
    run = fog.run(steady, fog.Log.regular(3.0 + 0.8 * rng.normal(size=60), dt=0.1))
    [ax] = fog.plot.innovations(run)
    assert any(
        re.match(r"radar.gap is off zero by \+[23]\.\d+ m on average: a bias", line) for line in said(ax)
    )


def test_a_filter_that_no_longer_learns_says_so() -> None:
    gauge = fog.sensing.linear("gauge", "level", 1.0)
    sure = fog.Model(fog.motion.random_walk("level", std=0.0), [gauge], fog.Belief([0.0], std=[1e-4]))
    [ax] = fog.plot.gain(fog.run(sure, fog.Log.regular(np.ones(50), dt=1.0)))
    assert said(ax) == [
        "The last readings no longer change level: its standard deviation is 0.0001 for good."
    ]


def test_an_unknown_state_and_a_silent_sensor_are_said() -> None:
    walk = fog.Model(fog.motion.random_walk(("a", "b"), std=0.3), [fog.sensing.linear("s", "a", 1.0)], None)
    run = fog.run(walk, fog.Log.regular(np.arange(30.0), dt=1.0))
    assert said(fog.plot.states(run)[1]) == ["Nothing determines b in 30 of 30 rows."]
    assert said(fog.plot.gain(run)[1]) == ["No reading moves b."]
    silent = fog.run(gap(), fog.Log.from_arrays(np.arange(30.0), radar=np.full(30, np.nan)))
    assert said(fog.plot.innovations(silent)[0]) == ["No reading of radar.gap was used."]
    assert said(fog.plot.nis(silent)[0]) == ["No reading of radar was used."]


def test_a_share_within_chance_is_not_said_and_errors_that_last_count_as_few() -> None:
    rng = np.random.default_rng(2)
    white = rng.normal(size=2000)
    inside = rng.uniform(size=2000) < 0.95
    assert sentences.outside(inside, white, 0.95, "x", "its band") == []
    assert sentences.outside(rng.uniform(size=2000) < 0.85, white, 0.95, "x", "its band") != []
    lasting = np.ones(2000, bool)
    lasting[1000:1250] = False  # one error, that lasts
    assert sentences.outside(lasting, white, 0.95, "x", "its band") == []


def test_errors_of_a_smoothed_state_are_few_however_many_rows_there_are() -> None:
    """Ten errors, smooth over 22 rows each: 18 % of the rows outside are chance."""
    rng = np.random.default_rng(6)
    loud = 0
    for _ in range(300):
        z = np.convolve(rng.normal(size=220 + 21), np.full(22, 1 / np.sqrt(22.0)), "valid")
        loud += len(sentences.outside(np.abs(z) <= 2.0, z, 0.9545, "x", "its band"))
    assert loud == 0


def test_how_often_chance_earns_a_sentence() -> None:
    """Of 200 healthy logs, at most a few: each sentence has a level of 1e-3."""
    rng = np.random.default_rng(3)
    loud = 0
    for _ in range(200):
        e = rng.normal(size=150)
        loud += bool(sentences.off_zero(1.7 * e, np.full(150, 1.7), "x", "m"))
    assert loud <= 4


def test_a_parameter_of_which_the_log_says_nothing_has_no_profile() -> None:
    fit = result_of("one row", "Fit")
    with pytest.raises(fog.DataError, match=r"the log says nothing about motion\.accel at its bound"):
        fog.plot.profile(fit, "accel")
