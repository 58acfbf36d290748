"""`fog.check` and its result: codes for programs, sentences for people, tables for plots, errors."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import foglight as fog
from foglight.cli.main import main
from foglight.diagnostics.check.perturbed_model import unused_name, with_perturbations
from foglight.diagnostics.check.scaling_parameters import (
    scales_noise_only,
    scaling_of_measurement,
    scaling_of_motion,
)
from foglight.diagnostics.check.search import Candidate
from foglight.diagnostics.check.sentences import bias_sentence
from foglight.diagnostics.check.trajectory import combination

MOTION = fog.motion.constant_velocity(("gap",), accel=0.4)
START = fog.Belief([50.0, -1.0], std=[5.0, 1.0])


BASE = fog.Model(MOTION, [fog.sensing.linear("radar", of="gap", std=0.8)], START)


def model(std: float = 0.8, accel: float = 0.4) -> fog.Model:
    return BASE.with_parameters({"std": std, "accel": accel})


@pytest.fixture(scope="module")
def log() -> fog.Log:
    return fog.simulate(model(), steps=1_000, dt=0.3, seed=4)[0]


@pytest.fixture(scope="module")
def truth() -> Any:
    return fog.simulate(model(), steps=1_000, dt=0.3, seed=4)[1]


@pytest.fixture(scope="module")
def bad(log: fog.Log) -> fog.Health:
    return fog.check(fog.run(model(std=0.4), log))


def test_the_sentence_names_sensor_size_bounds_and_what_to_try(bad: fog.Health) -> None:
    (finding,) = bad.findings
    assert finding.code == "R_SMALL" and finding.subject == "radar.gap" and not bad.ok
    assert finding.sentence.startswith("radar gap noise is 2x too small: NIS 3.")
    assert finding.sentence.endswith(f"; try std = {finding.suggestions['radar.std']:g}.")
    assert finding.suggestions["radar.std"] == pytest.approx(0.8, rel=0.08)
    assert finding.low < 1.0 < finding.high < finding.statistic
    assert finding.estimate == pytest.approx(2.0, rel=0.08) and 0.01 < finding.error < 0.1


def test_it_prints_a_summary_a_table_and_the_sentence(bad: fog.Health) -> None:
    lines = str(bad).splitlines()
    assert lines[0] == "NOT OK: R_SMALL." and repr(bad) == str(bad)
    marked = [line for line in lines if line.endswith("<--")]
    assert len(marked) == sum(not row.inside for row in bad.rows) >= 3
    assert f"R_SMALL: {bad.findings[0].sentence}" in lines
    for words in ("NIS per component", "mean innovation / std", "autocorrelation", "within 95% region"):
        assert any(words in line for line in lines)


def test_a_pipeline_stops(bad: fog.Health, log: fog.Log) -> None:
    with pytest.raises(fog.NumericalError, match=r"R_SMALL.*2x too small.*try std") as caught:
        bad.raise_if_bad()
    assert caught.value.field == "radar.gap" and caught.value.value == bad.findings[0].estimate
    fog.check(fog.run(model(), log)).raise_if_bad()


def test_it_is_plain_data_for_json(bad: fog.Health) -> None:
    plain = json.loads(json.dumps(bad.as_dict(), allow_nan=False))
    assert plain["ok"] is False and plain["codes"] == ["R_SMALL"] and plain["level"] == 1e-3
    assert plain["findings"][0]["suggestions"]["radar.std"] == bad.findings[0].suggestions["radar.std"]
    assert {row["statistic"] for row in plain["table"]} == {row.statistic for row in bad.rows}


def test_columns_for_plots(log: fog.Log) -> None:
    run = fog.run(model(), log)
    health = fog.check(run)
    nis = health.columns()
    assert list(nis) == ["time", "nis.radar", "bound.radar"]
    assert nis["nis.radar"] == pytest.approx(run.nis) and nis["bound.radar"] == pytest.approx(3.841, abs=1e-3)
    white = health.whiteness.columns()
    assert (
        white["lag"].tolist() == list(range(1, 21))
        and (np.abs(white["correlation"]) < 3 * white["bound"]).all()
    )
    assert health.coverage.columns()["share"] == pytest.approx([0.5, 0.9, 0.95], abs=0.05)
    drift = health.drift.columns()
    assert drift["rows"].sum() == 1_000 and ((drift["low"] < 1) & (drift["high"] > 1)).all()
    assert health.to_frame("polars").columns == list(nis)
    assert health.whiteness.to_frame("pandas")["first"].unique().tolist() == ["radar.gap"]


def test_a_drift_of_the_noise_shows_by_part(log: fog.Log) -> None:
    rng = np.random.default_rng(3)
    z = log.bind(model())[:, 0] + np.where(np.arange(1_000) < 800, 0.0, 1.5) * rng.standard_normal(1_000)
    health = fog.check(fog.run(model(), fog.Log.from_arrays(log.time_ns / 1e9, radar=z)))
    parts = health.drift.columns()
    assert (parts["nis"][:7] < parts["high"][:7]).all() and (parts["nis"][8:] > parts["high"][8:]).all()
    assert health.codes[0] == "R_SMALL"


def test_the_truth_reveals_what_no_innovation_shows(log: fog.Log, truth: Any) -> None:
    run = fog.run(model(), log)
    healthy = fog.check(run, truth)
    assert healthy.ok
    seen = {(row.statistic, row.subject): row for row in healthy.rows}
    assert seen["NEES per state", "all"].inside and seen["NEES per state", "all"].count < 1_000  # not N T n
    assert 0.9 < seen["RMSE / lower bound", "gap"].value < 1.1
    offset = fog.check(run, {"gap": truth[:, 0] + 2.0})
    assert offset.codes == ("BIAS",) and offset.findings[0].subject == "gap"
    assert offset.findings[0].estimate == pytest.approx(-2.0, abs=0.15)
    assert fog.check(run, fog.Log.from_arrays(log.time_ns / 1e9, gap=truth[:, 0])).ok
    smoothed = fog.check(fog.smooth(run), truth)
    assert smoothed.ok and "smoothed NEES per state" in {row.statistic for row in smoothed.rows}


def test_the_errors_of_a_state_without_readings_are_checked() -> None:
    """A state whose sensor never reports: the filter is consistent, and a note says that nothing observes it."""

    def two(std: float) -> fog.Model:
        motion = fog.motion.random_walk(("measured", "hidden"), std=(0.5, std))
        sensors = [
            fog.sensing.linear("gauge", of="measured", std=1.0),
            fog.sensing.linear("rare", of="hidden", std=3.0),
        ]
        return fog.Model(motion, sensors, fog.Belief([0.0, 0.0], std=[1.0, 1.0]))

    log, truth = fog.simulate(two(1.0), steps=2_000, dt=0.5, seed=3, missing=0.0)
    z = log.bind(two(1.0)).copy()
    z[:, 1] = np.nan  # silent throughout
    quiet = fog.Log.from_arrays(log.time_ns / 1e9, gauge=z[:, 0], rare=z[:, 1])
    health = fog.check(fog.run(two(1.0), quiet), truth)
    assert health.ok and any("hidden moves" in note for note in health.notes)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda z: z * 1000.0, "GAIN", "reads 1000x what the model predicts: milli-units, such as mm for m?"),
        (lambda z: z / 9.81, "GAIN", "the reverse of g for m/s²?"),
        (lambda z: -z, "SIGN", "radar.gap has the wrong sign: negated it fits"),
    ],
)
def test_units_and_signs(change: Any, code: str, words: str, log: fog.Log) -> None:
    z = change(log.bind(model()))
    health = fog.check(fog.run(model(), fog.Log.from_arrays(log.time_ns / 1e9, radar=z)))
    assert health.codes[0] == code and words in health.findings[0].sentence


def test_a_standard_deviation_given_for_a_variance() -> None:
    right = fog.linear_model(1.0, 0.3, 1.0, 6.25, start=fog.Belief([0.0], std=[1.0]))
    wrong = fog.linear_model(1.0, 0.3, 1.0, 2.5, start=fog.Belief([0.0], std=[1.0]))
    log, _ = fog.simulate(right, steps=4_000, dt=1.0, seed=1)
    (finding,) = fog.check(fog.run(wrong, log)).findings
    assert finding.code == "R_SMALL" and "multiply its R by 2.4" in finding.sentence
    assert "was a standard deviation given for a variance?" in finding.sentence


def test_noise_that_two_sensors_share_is_found() -> None:
    one = fog.sensing.linear("left", of="gap", std=0.5)
    two = fog.sensing.linear("right", of="gap", std=0.5)
    both = fog.Model(MOTION, [one, two], START)
    log, truth = fog.simulate(both, steps=1_500, dt=0.3, seed=4)
    z = log.bind(both).copy()
    common = (z[:, 0] - truth[:, 0]) * 0.8
    z[:, 1] = truth[:, 0] + common + 0.6 * (z[:, 1] - truth[:, 0])
    health = fog.check(fog.run(both, fog.Log.from_arrays(log.time_ns / 1e9, left=z[:, 0], right=z[:, 1])))
    assert "COLOURED" in health.codes
    finding = next(f for f in health.findings if f.code == "COLOURED")
    assert finding.subject == "left.gap, right.gap"
    assert "make them one sensor with a full R" in finding.sentence


def test_a_bias_that_appears_late_is_found() -> None:
    both = fog.Model(
        fog.motion.random_walk("level", std=0.2),
        [fog.sensing.linear("a", of="level", std=0.5), fog.sensing.linear("b", of="level", std=0.5)],
        fog.Belief([0.0], std=[1.0]),
    )
    log, _ = fog.simulate(both, steps=2_000, dt=0.3, seed=4)
    z = log.bind(both).copy()
    z[1_500:, 1] += 0.5
    health = fog.check(fog.run(both, fog.Log.from_arrays(log.time_ns / 1e9, a=z[:, 0], b=z[:, 1])))
    assert "BIAS" in health.codes


def test_a_start_that_is_off_is_found(log: fog.Log) -> None:
    off = model().with_start(fog.Belief([90.0, -1.0], std=[2.0, 1.0]))
    health = fog.check(fog.run(off, log))
    assert health.codes == ("START",) and health.findings[0].estimate == pytest.approx(-38, abs=6)
    assert "gap begins" in health.findings[0].sentence


def test_a_drift_of_the_motion_is_found() -> None:
    walk = fog.Model(
        fog.motion.random_walk("level", std=0.4),
        [fog.sensing.linear("gauge", of="level", std=0.5)],
        START_ONE,
    )
    log, _ = fog.simulate(walk, steps=1_500, dt=0.5, seed=2)
    z = log.bind(walk)[:, 0] + 0.4 * log.time_ns / 1e9
    health = fog.check(fog.run(walk, fog.Log.from_arrays(log.time_ns / 1e9, gauge=z)))
    assert health.codes == ("BIAS",) and health.findings[0].subject == "level"
    assert health.findings[0].estimate == pytest.approx(0.4, abs=0.1)


START_ONE = fog.Belief([3.0], std=[1.0])


def test_notes_on_stuck_sensors_heavy_tails_and_gates(log: fog.Log) -> None:
    z = log.bind(model())[:, 0].copy()
    z[208:223] = z[208]
    z[::23] += np.random.default_rng(1).choice([-6.0, 6.0], len(z[::23]))
    spoiled = fog.Log.from_arrays(log.time_ns / 1e9, radar=z)
    health = fog.check(fog.run(model(), spoiled))
    notes = health.notes
    assert health.codes[0] == "STUCK" and health.findings[0].rows == tuple(range(209, 223))
    assert any("heavy tails" in note and "student=" in note for note in notes)
    notes = fog.check(fog.run(model(), spoiled, fog.KF(gate=0.999))).notes
    assert any("rows had a reading rejected by a gate" in note for note in notes)
    assert not any("heavy tails" in note for note in notes)


def test_a_constraint_is_not_a_stuck_sensor() -> None:
    """An attitude whose measured quaternions are controls: the rotation that is left is 0."""

    def apart(x: Any, p: Any, u: Any) -> Any:
        return fog.rotation.log(fog.rotation.multiply(fog.rotation.inverse(u), x))

    def noise(x: Any, dt: Any, p: Any) -> Any:
        return fog.noise.independent([0.09 * dt, 0.05 * dt, 0.01 * dt])

    names = ("qw", "qx", "qy", "qz")
    motion = fog.Motion(names, lambda x, dt, p: list(x), noise, rotations={"attitude": names})
    tracker = fog.Sensor(
        "tracker",
        ("x", "y", "z"),
        apart,
        lambda x, p: fog.noise.independent([0.0025] * 3),
        controls=("w", "a", "b", "c"),
    )
    start = motion.belief([0.6, 0.0, 0.8, 0.0], std=[0.3, 0.2, 0.1])
    rng = np.random.default_rng(4)
    turns = fog.rotation.exp(rng.normal(0.0, [0.09, 0.07, 0.03], (400, 3)))
    truth = [np.array([0.6, 0.0, 0.8, 0.0])]
    for turn in turns[1:]:
        truth.append(fog.rotation.multiply(truth[-1], turn))
    seen = fog.rotation.multiply(np.array(truth), fog.rotation.exp(rng.normal(0.0, 0.05, (400, 3))))
    seen *= rng.choice([-1.0, 1.0], (400, 1))
    zeros = np.zeros((400, 3))
    zeros[50:60] = seen[50:60] = np.nan
    log = fog.Log.from_arrays(0.1 * np.arange(400), tracker=zeros, u=seen)
    health = fog.check(fog.run(fog.Model(motion, [tracker], start), log), truth=np.array(truth))
    assert health.ok
    assert [n for n in health.notes if "tracker" in n and "reading" in n] == [
        "tracker.x, tracker.y, tracker.z: 0 in every reading. That is right for a constraint, such as no speed "
        "sideways; of a sensor it says that it does not work."
    ]


def test_a_short_log_shows_only_larger_errors() -> None:
    def smallest(rows: int) -> float:
        log, _ = fog.simulate(model(), steps=rows, dt=0.3, seed=5)
        note = fog.check(fog.run(model(), log)).notes[-1]
        assert note.startswith("the smallest errors of a std that this log shows nine times in ten: Q by")
        return float(note.rpartition("by ")[2].rstrip("x."))

    assert 1.05 < smallest(2_000) < smallest(200) < 1.5


def test_an_unobservable_state_is_named() -> None:
    sensor = fog.Sensor("s", ("sum",), lambda x, p: [x.a + 2 * x.b], lambda x, p: [[0.5]])
    start = fog.Belief([1.0, 2.0, 3.0], std=[1.0, 2.0, 1.0])
    hidden = fog.Model(fog.motion.random_walk(("a", "b", "c"), std=0.3), [sensor], start)
    log, _ = fog.simulate(hidden, steps=300, dt=0.1, seed=1)
    notes = fog.check(fog.run(hidden, log)).notes
    assert any("a moves by 1 and b by -0.5" in note for note in notes)
    assert any("if at the start c moves" in note for note in notes)
    assert combination(np.array([0.0, -2.0, 1.0]), ("a", "b", "c")) == "b moves by 1 and c by -0.5"


def test_tracks_are_pooled() -> None:
    tracks = [fog.simulate(model(), steps=60, dt=0.3, seed=s)[0].bind(model()) for s in range(20)]
    side = fog.Log.regular(np.stack(tracks), 0.3)
    after = fog.Log.from_arrays(
        np.tile(np.arange(60) * 0.3, 20), track=np.repeat(np.arange(20), 60), radar=np.concatenate(tracks)
    )
    for log in (side, after):
        assert fog.check(fog.run(model(), log)).ok
        health = fog.check(fog.run(model(std=1.6), log))
        assert health.codes == ("R_LARGE",) and health.findings[0].estimate == pytest.approx(0.5, rel=0.1)
    assert "1200 rows in 20 tracks" in str(health)


def test_functions_that_cannot_be_traced_are_checked_too() -> None:
    table = fog.opaque(lambda x, p: [float(np.asarray(x.gap))])
    sensor = fog.Sensor("radar", ("gap",), table, lambda x, p: [[p.std**2]], params={"std": 0.8})
    log, _ = fog.simulate(model(), steps=20, dt=0.3, seed=4)
    opaque = fog.Model(MOTION, [sensor], START)
    health = fog.check(fog.run(opaque.with_parameters({"std": 0.3}), log))
    assert health.codes == ("R_SMALL",) and health.findings[0].suggestions["radar.std"] == pytest.approx(
        0.8, rel=0.25
    )


def test_only_the_first_rows_of_a_long_log_are_searched() -> None:
    log, _ = fog.simulate(model(), steps=60_000, dt=0.3, seed=4)
    health = fog.check(fog.run(model(std=0.82), log))
    assert health.ok  # 2.5 % is significant here, and too little to matter
    assert any("small" in note for note in health.notes) and any(
        "first 50000 rows" in note for note in health.notes
    )


def test_what_is_refused(log: fog.Log) -> None:
    run = fog.run(model(), log)
    with pytest.raises(fog.ModelError, match=r"expected a result of fog.run or fog.smooth") as caught:
        fog.check(log)
    assert caught.value.field == "run"
    for level in (0.0, 1.0, -1e-3, "low", True):
        with pytest.raises(
            fog.ModelError, match=r"level = .*expected a probability above 0 and below 1"
        ) as caught:
            fog.check(run, level=level)  # type: ignore[arg-type]
        assert caught.value.field == "level"
    short = fog.Log.from_arrays([0.0, 0.1, 0.2], radar=[50.0, 49.0, 51.0])
    with pytest.raises(
        fog.DataError, match=r"used 3 readings of 3 rows: .*at least 20.* 17 more .* about 17 rows"
    ):
        fog.check(fog.run(model(), short))
    with pytest.raises(fog.StateError, match="keep='all'"):
        fog.check(fog.run(model(), log, keep="last"))
    with pytest.raises(fog.DataError, match="truth"):
        fog.check(run, np.zeros((3, 2)))


@pytest.mark.parametrize(
    ("changed", "code", "subject"), [("accel", "Q_SMALL", "motion"), ("std", "R_SMALL", "radar.gap")]
)
def test_a_noise_that_is_0_is_asked_for(changed: str, code: str, subject: str, log: fog.Log) -> None:
    """No factor changes a 0, so everything else looks wrong: coloured noise, or the other noise."""
    health = fog.check(fog.run(BASE.with_parameters({changed: 0.0}), log))
    assert health.codes == (code,) and health.findings[0].subject == subject
    assert re.search(
        "no process noise" if changed == "accel" else "gap no noise", health.findings[0].sentence
    )
    assert not any(
        "no reading changes" in note for note in health.notes
    )  # a reading without noise has infinite information


def test_outliers_are_not_hidden_in_a_wider_noise(log: fog.Log) -> None:
    z = log.bind(model())[:, 0].copy()
    z[::40] += np.random.default_rng(1).choice(
        [-15.0, 15.0], len(z[::40])
    )  # 3.3x the noise is no feet for metres
    spoiled = fog.Log.from_arrays(log.time_ns / 1e9, radar=z)
    health = fog.check(fog.run(model(), spoiled))
    (finding,) = health.findings
    assert finding.code == "OUTLIERS" and "set student=4 or gate=" in finding.sentence
    assert "if these are outliers, keep the noise and set gate= or student=." in health.notes[0]
    assert fog.check(fog.run(model(), spoiled, fog.KF(gate=0.9999))).ok


def test_a_noise_of_0_is_never_suggested_for_a_sensor(log: fog.Log) -> None:
    still = fog.Log.from_arrays(0.1 * np.arange(60), radar=np.full(60, 50.0))
    health = fog.check(fog.run(model(), still))
    assert health.codes[0] == "R_LARGE" and health.findings[0].suggestions["radar.std"] > 0.0
    assert not any("heavy tails" in note for note in health.notes)  # a single large innovation, the first


def test_the_power_of_a_log_is_noted_only_if_the_model_fits(bad: fog.Health, log: fog.Log) -> None:
    assert not any("nine times in ten" in note for note in bad.notes)
    assert "nine times in ten" in fog.check(fog.run(model(), log)).notes[-1]


def test_equally_good_explanations_are_named() -> None:
    bias, gain, start = (Candidate(kind, (k,), (0,)) for k, kind in enumerate(("bias", "gain", "start")))
    sentence = bias_sentence(model(), bias, 8.4, 0.2, (gain, start))
    assert sentence.endswith("(the log cannot tell it from a gain of radar.gap or the start of gap).")


def test_a_bias_that_is_found_can_be_estimated_as_the_sentence_says() -> None:
    sentence = bias_sentence(model(), Candidate("bias", (0,), (0,)), 8.4, 0.2, ())
    assert sentence.endswith(": subtract it, or estimate it, with bias=fog.bias(std=8) in radar.")
    gps = fog.sensing.linear("gps", of=("gap", "gap_speed"), std=1.0, bias={"gap_speed": fog.bias(std=0.3)})
    both = fog.Model(MOTION, [fog.sensing.linear("gps", of=("gap", "gap_speed"), std=1.0)], START)
    sentence = bias_sentence(both, Candidate("bias", (1,), (1,)), -0.31, 0.02, ())
    assert sentence.endswith(": add it, or estimate it, with bias={'gap_speed': fog.bias(std=0.3)} in gps.")
    assert fog.Model(MOTION, [gps], START).state[2:] == ("gps_bias_gap_speed",)


def test_codes_and_plot_data_in_print(bad: fog.Health) -> None:
    assert repr(bad.codes) == "('R_SMALL',)" and bad.codes == (fog.Code.R_SMALL,)
    assert repr(bad.nis) == "PlotData(1000 rows: time, nis.radar, bound.radar)"


# The parts of a check.


def test_the_extended_model_has_a_parameter_for_each_perturbation() -> None:
    found = with_perturbations(fog.Model(MOTION, [fog.sensing.linear("radar", of="gap", std=0.8)], START))
    assert list(found.parameters) == [
        "motion.accel", "motion.q_scale", "motion.drift_gap", "motion.drift_gap_speed",
        "radar.std", "radar.r_scale_gap", "radar.bias_gap", "radar.gain_gap",
    ]  # fmt: skip
    log, _ = fog.simulate(model(), steps=50, dt=0.3, seed=4)
    assert fog.run(found, log).loglik == pytest.approx(fog.run(model(), log).loglik, rel=1e-13)
    doubled = fog.run(found.with_parameters({"r_scale_gap": 2.0, "q_scale": 3.0}), log).loglik
    assert doubled == pytest.approx(fog.run(model(std=1.6, accel=1.2), log).loglik, rel=1e-13)
    assert unused_name("bias", "gap", {"bias_gap": 1.0}) == "extended_bias_gap"
    rows = fog.linear_model(np.ones((5, 1, 1)), 1.0, 1.0, 1.0, start=START_ONE)
    with pytest.raises(fog.ModelError, match="F change row by row"):
        with_perturbations(rows)


def test_parameters_that_scale_a_noise() -> None:
    both = fog.sensing.linear("gps", of=("x", "y"), std=(0.9, 1.3))
    plane = fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=(0.7, 0.4)), [both], fog.Belief([0] * 4, std=[1] * 4)
    )
    (scaling,) = scaling_of_measurement(plane, both, [1])
    assert (scaling.name, scaling.power, scaling.moved(2.0)) == ("gps.y_std", 2.0, 2.6)
    assert [s.name for s in scaling_of_measurement(plane, both, [0, 1])] == ["gps.x_std", "gps.y_std"]
    assert [s.name for s in scaling_of_motion(plane)] == ["motion.x_accel", "motion.y_accel"]
    common = fog.sensing.linear("gps", of=("x", "y"), std=0.9)
    shared = fog.Model(plane.motion, [common], plane.start)
    assert scaling_of_measurement(shared, common, [1]) == []  # it scales the other, too
    variance = fog.Sensor("v", ("a",), lambda x, p: [x.x], lambda x, p: [[p.var]], params={"var": 0.5})
    (scaling,) = scaling_of_measurement(fog.Model(plane.motion, [variance], plane.start), variance, [0])
    assert scaling.power == 1.0 and scaling.moved(2.0) == 2.0
    mixed = fog.Sensor("v", ("a",), lambda x, p: [x.x], lambda x, p: [[p.s**2 + 0.1]], params={"s": 0.5})
    assert scaling_of_measurement(fog.Model(plane.motion, [mixed], plane.start), mixed, [0]) == []
    back = fog.Motion(
        ("x",), lambda x, dt, p: [x.x * np.exp(-dt / p.tau)], lambda x, dt, p: [[p.std**2 * dt / p.tau]],
        params={"tau": 5.0, "std": 0.3},
    )  # fmt: skip
    found = fog.Model(back, [fog.sensing.linear("g", of="x", std=1.0)], fog.Belief([0.0], std=[1.0]))
    assert scales_noise_only(found, "std") and not scales_noise_only(found, "tau")
    assert [s.name for s in scaling_of_motion(found)] == ["motion.std"]


# The command.

TOML = """
[motion]
kind = "constant_velocity"
axes = ["gap"]
accel = 0.4
[[sensor]]
name = "radar"
kind = "linear"
of = "gap"
std = {std}
[start]
mean = [50.0, -1.0]
std = [5.0, 1.0]
"""


def call(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "right.toml").write_text(TOML.format(std=0.8))
    (tmp_path / "wrong.toml").write_text(TOML.format(std=0.4))
    done = call(
        "simulate",
        "right.toml",
        "-o",
        "log.csv",
        "--steps",
        400,
        "--dt",
        0.3,
        "--seed",
        4,
        "--truth",
        "truth.csv",
    )
    assert done.exit_code == 0
    return tmp_path


def test_the_command_exits_with_0_if_nothing_is_wrong(folder: Path) -> None:
    done = call("check", "right.toml", "log.csv", "--truth", "truth.csv", "--method", "ukf")
    assert done.exit_code == 0 and done.stdout.startswith("OK: nothing speaks against the model.\nUKF(")
    assert "NEES per state" in done.stdout and "RMSE / lower bound" in done.stdout


def test_the_command_exits_with_1_if_something_is(folder: Path) -> None:
    done = call("check", "wrong.toml", "log.csv")
    assert done.exit_code == 1 and "R_SMALL: radar gap noise is 2" in done.stdout
    plain = json.loads(call("check", "wrong.toml", "log.csv", "--json", "--level", 0.01).stdout)
    assert plain["codes"] == ["R_SMALL"] and plain["level"] == 0.01


def test_the_command_exits_with_2_if_the_input_is_bad(folder: Path) -> None:
    done = call("check", "wrong.toml", "absent.csv")
    assert done.exit_code == 2 and "absent.csv" in done.stderr
    assert call("check", "wrong.toml", "log.csv", "--level", 2).exit_code == 2


def test_lags_that_are_soon_forgotten_are_not_taken_for_unobservable_states() -> None:
    """The last lags of a season, and shocks that the first values make up for; an event that is still to come is."""
    log = fog.Log.regular(np.random.default_rng(1).normal(size=(120, 1)).cumsum(axis=0), dt=1.0)
    airline = fog.arima((0, 1, 1), (0, 1, 1, 12), ma=[-0.4], seasonal_ma=[-0.6])
    seasonal = fog.arima((1, 0, 0), (1, 0, 0, 12), ar=[0.5], seasonal_ar=[0.5])
    for lagged in (airline, seasonal):
        notes = fog.check(fog.run(lagged, log), effort="quick").notes
        assert not any("no reading changes" in note for note in notes)
    later = fog.structural(intervention=fog.intervention("law", 200), autoregressive=2)
    notes = fog.check(fog.run(later, log), effort="quick").notes
    assert [note[:51] for note in notes if "no reading" in note] == [
        "no reading changes if at the start law moves: the f"
    ]


def test_a_long_combination_is_shortened() -> None:
    direction = np.array([1.0, -0.5, 0.4, 0.3, 0.2, 0.1])
    expected = "a moves by 1 and b by -0.5 and c by 0.4 and d by 0.3 and 2 more states with them"
    assert combination(direction, ("a", "b", "c", "d", "e", "f")) == expected


def following(std: float = 0.5) -> fog.Model:
    """A gap to a car, and a radar that measures it."""
    radar = fog.sensing.linear("radar", of="gap", std=std)
    return fog.Model(
        fog.motion.constant_velocity("gap", accel=0.3), [radar], fog.Belief([50.0, 0.0], std=[5.0, 1.0])
    )


def test_readings_that_are_held_are_named_beside_their_correlation() -> None:
    """One measurement in five rows, read as five: noise is coloured, and following that would hide the cause."""
    log, _ = fog.simulate(following(), 800, 0.1, seed=1)
    held = np.repeat(log.bind(following())[::5, 0], 5)
    health = fog.check(fog.run(following(), fog.Log.from_arrays(log.time, radar=held)))
    assert health.codes == ("COLOURED",)
    assert "read the log with repeats='skip': radar repeats its readings" in health.findings[0].sentence
    assert health.notes[0].startswith("radar repeats its last reading to the last digit in 640 of 800 rows")


def test_coarse_readings_are_not_taken_for_repeated_ones() -> None:
    """To the next metre: a reading often equals the one before, and those of other rows, too."""
    log, _ = fog.simulate(following(), 800, 0.1, seed=1)
    coarse = np.round(log.bind(following())[:, 0])
    health = fog.check(fog.run(following(0.58), fog.Log.from_arrays(log.time, radar=coarse)))
    assert (np.diff(coarse) == 0.0).mean() > 0.3
    assert not any("repeats" in note for note in health.notes)


def test_stamps_in_another_unit_are_asked_for() -> None:
    log, _ = fog.simulate(following(), 800, 0.1, seed=1)
    stamps = np.arange(800) * 100.0  # milliseconds
    wrong = fog.check(fog.run(following(), fog.Log.from_arrays(stamps, radar=log.bind(following()))))
    assert wrong.findings[0].sentence.endswith("if they count ms: if they do, read it with unit='ms'.")
    assert wrong.notes[0].endswith(
        "If a step of 100 s is not what the sensor does, read the stamps with another unit=."
    )
    right = fog.Log.from_arrays(stamps, unit="ms", radar=log.bind(following()))
    assert fog.check(fog.run(following(), right)).ok
