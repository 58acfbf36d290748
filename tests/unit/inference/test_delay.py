"""A sensor that is late: the filter of its log is that of the log with corrected stamps, to the bit."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli.main import main

LATE = 0.2
WALK = fog.motion.constant_velocity(("x", "y"), accel=0.5)
GPS = fog.sensing.linear("gps", of=("x", "y"), std=0.5)
CAMERA = fog.sensing.bearing("camera", at=(-20.0, 5.0), std=0.01)
START = fog.Belief([0.0, 0.0, 3.0, 1.0], std=[2.0, 2.0, 1.0, 1.0])


def model(seconds: float | None = LATE, **start: Any) -> fog.Model:
    camera = fog.sensing.bearing(
        "camera", at=(-20.0, 5.0), std=0.01, delay=None if seconds is None else fog.delay(seconds)
    )
    return fog.Model(WALK, [GPS, camera], START)


def tables(camera_at: float, rows: int = 60) -> dict[str, Any]:
    """Readings of both sensors at their own rates, the camera's with stamps that are this much later."""
    rng = np.random.default_rng(5)
    t, seen = np.arange(rows) * 0.25, np.arange(1, rows) * 0.125 * 2.0 + 0.0625
    fixes = np.stack([3.0 * t, t], axis=1) + rng.normal(0.0, 0.5, (rows, 2))
    bearing = np.arctan2(seen - 5.0, 3.0 * seen + 20.0) + rng.normal(0.0, 0.01, rows - 1)
    return {"gps": (t, fixes), "camera": (np.round(seen + camera_at, 9), bearing)}


RAW, CORRECTED = fog.Log.merge(**tables(LATE)), fog.Log.merge(**tables(0.0))


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_a_run_is_that_of_the_corrected_log_to_the_bit(method: Any) -> None:
    run, expected = fog.run(model(), RAW, method), fog.run(model(None), CORRECTED, method)
    np.testing.assert_array_equal(run.time, expected.time)
    np.testing.assert_array_equal(run.filtered.mean, expected.filtered.mean)
    np.testing.assert_array_equal(run.filtered.cov, expected.filtered.cov)
    assert run.loglik == expected.loglik
    np.testing.assert_array_equal(fog.smooth(run).mean, fog.smooth(expected).mean)


@pytest.mark.parametrize("seconds", [0.0625, 0.3125, 1.0, 7.03])
def test_any_delay_and_readings_that_join_other_rows(seconds: float) -> None:
    run = fog.run(model(seconds), fog.Log.merge(**tables(seconds)))
    assert run.loglik == fog.run(model(None), CORRECTED).loglik and len(run.time) == len(CORRECTED)


def test_readings_are_moved_once_however_often_a_log_is_used() -> None:
    run = fog.run(model(), RAW)
    again = fog.run(model(), run.log, fog.EKF())
    assert again.loglik == run.loglik and again.log is run.log
    part = fog.run(model(), run.log[5:40])
    np.testing.assert_array_equal(part.time, run.time[5:40])
    other = fog.run(model(0.3), run.log)
    assert other.loglik == fog.run(model(0.3), RAW).loglik != run.loglik


def test_tuning_checking_and_comparing_see_the_corrected_log() -> None:
    fit, expected = fog.tune(model(), RAW, ["gps.std"]), fog.tune(model(None), CORRECTED, ["gps.std"])
    assert fit.loglik == expected.loglik and fit.params == expected.params
    assert fog.run(fit.model, RAW).loglik == fog.run(expected.model, CORRECTED).loglik
    assert str(fog.check(fog.run(model(), RAW))) == str(fog.check(fog.run(model(None), CORRECTED)))
    found = fog.compare(model(), RAW, [fog.EKF(), fog.UKF()])
    other = fog.compare(model(None), CORRECTED, [fog.EKF(), fog.UKF()])
    assert [row.loglik for row in found.rows] == [row.loglik for row in other.rows]


def test_a_simulated_log_is_late_and_its_truth_is_that_of_the_run() -> None:
    log, truth = fog.simulate(model(), 80, 0.25, seed=1, missing=0.2)
    same, expected = fog.simulate(model(None), 80, 0.25, seed=1, missing=0.2)
    np.testing.assert_array_equal(truth, expected)
    assert len(log) > 80 and log.time[-1] == pytest.approx(79 * 0.25 + LATE)
    run = fog.run(model(), log)
    assert run.loglik == fog.run(model(None), same).loglik
    assert run.filtered.mean.shape == truth.shape


def test_tracks_and_series_keep_to_themselves() -> None:
    tracks = [fog.simulate(model(), 20, 0.25, seed=seed)[0] for seed in (1, 2)]
    bound = [log.bind(model()) for log in tracks]
    both = fog.Log.from_arrays(
        np.concatenate([log.time for log in tracks]), track=["ann"] * len(bound[0]) + ["bob"] * len(bound[1]),
        gps=np.concatenate([z[:, :2] for z in bound]), camera=np.concatenate([z[:, 2] for z in bound]),
    )  # fmt: skip
    run = fog.run(model(), both)
    assert list(run.loglik) == [fog.run(model(), log).loglik for log in tracks]
    alone = fog.Model(WALK, [replace(model().sensors[1], params={"std": 0.01})], START)
    z = np.stack([np.arange(8.0) * 0.01, np.arange(8.0) * 0.02])[..., None]
    series, first = fog.run(alone, fog.Log.regular(z, dt=0.5)), fog.run(alone, fog.Log.regular(z[0], dt=0.5))
    assert series.loglik[0] == first.loglik and first.time[0] == pytest.approx(-LATE)


def test_controls_act_until_the_row_that_they_lead_to() -> None:
    """Corrected by hand: the rows between have the control of the next one."""
    pushed = fog.Motion(
        ("x", "v"),
        lambda x, dt, u: [x.x + dt * x.v, x.v + dt * u.push],
        lambda dt: fog.noise.white_acceleration(dt, 0.1),
        controls=("push",),
    )
    sonar = fog.sensing.linear("sonar", of="x", std=0.2)
    late = replace(sonar, params={"std": 0.2}, name="late", delay=fog.delay(0.3))
    nan, start = np.nan, fog.Belief([0.0, 1.0], std=[1.0, 1.0])
    log = fog.Log.from_arrays(
        [0.0, 1.0, 1.5, 2.0], sonar=[0.1, 1.2, nan, 2.9], late=[nan, nan, 1.4, 2.2], u=[0.0, 0.5, -0.2, 0.7]
    )
    by_hand = fog.Log.from_arrays(
        [0.0, 1.0, 1.2, 1.5, 1.7, 2.0],
        sonar=[0.1, 1.2, nan, nan, nan, 2.9],
        late=[nan, nan, 1.4, nan, 2.2, nan],
        u=[0.0, 0.5, -0.2, -0.2, 0.7, 0.7],
    )
    punctual = replace(late, params={"std": 0.2}, delay=None)
    found = fog.run(fog.Model(pushed, [sonar, late], start), log)
    expected = fog.run(fog.Model(pushed, [sonar, punctual], start), by_hand)
    np.testing.assert_array_equal(found.time, expected.time)
    assert found.loglik == expected.loglik


def test_a_live_filter_inserts_late_readings_where_they_belong() -> None:
    late = model()
    live = fog.online(late, history=0.5)
    arriving = RAW.bind(late)
    for row, t in enumerate(RAW.time):
        if not np.isnan(arriving[row, 0]):
            live.step(t, "gps", arriving[row, :2])
        if not np.isnan(arriving[row, 2]):
            live.step(t, "camera", arriving[row, 2])
    expected = fog.run(model(None), CORRECTED)
    assert live.loglik == expected.loglik
    np.testing.assert_array_equal(live.belief.mean, expected.filtered.mean[-1])


def test_a_live_filter_of_a_late_sensor_alone_and_a_saved_one(tmp_path: Any) -> None:
    late = fog.Model(WALK, [replace(model().sensors[1], params={"std": 0.01})], START)
    live = fog.online(late)
    for k in range(5):
        live.step(0.5 * k, "camera", 0.01 * k)
    assert live.time == pytest.approx(2.0 - LATE)
    live.save(tmp_path / "late.live")
    again = fog.restore(tmp_path / "late.live", late)
    assert again.step(2.5, "camera", 0.05)[0] == live.step(2.5, "camera", 0.05)[0]
    other = fog.Model(WALK, [replace(late.sensors[0], params={"std": 0.01}, delay=fog.delay(0.3))], START)
    with pytest.raises(fog.StateError):
        fog.restore(tmp_path / "late.live", other)


def test_on_the_command_line(tmp_path: Any) -> None:
    path, log, truth, out = (
        str(tmp_path / name) for name in ("model.toml", "log.csv", "truth.csv", "out.csv")
    )
    (tmp_path / "model.toml").write_text(
        '[motion]\nkind = "constant_velocity"\naxes = ["x", "y"]\naccel = 0.5\n'
        '[[sensor]]\nname = "gps"\nkind = "linear"\nof = ["x", "y"]\nstd = 0.5\n'
        '[[sensor]]\nname = "camera"\nkind = "bearing"\nat = [-20, 5]\nstd = 0.01\ndelay = {seconds = 0.2}\n'
        "[start]\nmean = [0, 0, 3, 1]\nstd = [2, 2, 1, 1]\n"
    )
    made = ["simulate", path, "-o", log, "--steps", "40", "--dt", "0.25", "--seed", "1", "--truth", truth]
    for words in (made, ["smooth", path, log, "-o", out], ["check", path, log, "--truth", truth]):
        done = CliRunner().invoke(main, words)
        assert not isinstance(done.exception, Exception), done.output
    assert np.loadtxt(out, delimiter=",", skiprows=1, usecols=0).tolist() == [0.25 * k for k in range(40)]
    refused = CliRunner().invoke(main, ["run", path, log, "-o", out])
    assert refused.exit_code and "camera.delay = 0.2 s" in refused.output


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: fog.delay(0.0), fog.ModelError, "seconds = 0"),
        (lambda: replace(GPS, params={"std": 1.0}, delay=0.2), fog.ModelError, r"gps\.delay = 0\.2: expected what fog"),
        (lambda: replace(GPS, params={"std": 1.0}, controls=("a",), delay=fog.delay(0.2)), fog.ModelError, "controls"),
        (lambda: fog.online(model(), history=0.1), fog.TimeError, r"history = 0\.1 s: the readings of camera"),
        (lambda: fog.online(model(), history=0.5).step(1.0, None, [1.0, 2.0, 0.1]), fog.DataError, "NaN for camera"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make: Any, error: Any, said: str) -> None:
    with pytest.raises(error, match=said):
        make()
