"""What results print: dates where the log has dates, names of states and sensors, options that differ."""

import numpy as np
import pandas as pd
import pytest

import foglight as fog

MODEL = fog.Model(
    fog.motion.constant_velocity("gap", accel=0.5),
    [fog.sensing.linear("radar", of="gap", std=0.5)],
    fog.Belief([0.3, 1.0], cov=[[1.0, 0.2], [0.2, 0.6]]),
)
STAMPS = pd.date_range("2026-03-02T10:15:00", periods=12, freq="500ms")
Z = np.linspace(0.0, 5.0, 12)
DATED, ZONED = fog.Log.from_arrays(STAMPS, radar=Z), fog.Log.from_arrays(STAMPS.tz_localize("UTC"), radar=Z)
SECONDS = fog.Log.regular(Z, dt=0.5)


def test_logs_say_when() -> None:
    assert repr(DATED) == "Log(12 rows, 2026-03-02 10:15:00 to 2026-03-02 10:15:05.5, radar)"
    assert repr(ZONED) == "Log(12 rows, 2026-03-02 10:15:00 to 2026-03-02 10:15:05.5 UTC, radar)"
    assert repr(SECONDS) == "Log(12 rows, 5.5 s, z)"
    assert repr(DATED[3:4]) == "Log(1 row, 2026-03-02 10:15:01.5 to 2026-03-02 10:15:01.5, radar)"


@pytest.mark.parametrize(("log", "zone"), [(DATED, ""), (ZONED, " UTC")], ids=["dates", "zoned"])
def test_tables_and_forecasts_show_dates(log: fog.Log, zone: str) -> None:
    run = fog.run(MODEL, log)
    ahead = fog.forecast(run, steps=3)
    assert repr(ahead) == (
        f"Forecast(3 rows, 2026-03-02 10:15:06 to 2026-03-02 10:15:07{zone}, gap, gap_speed)"
    )
    lines = str(ahead).splitlines()
    assert lines[1].split() == ["time", "gap", "gap_speed", "radar.gap"]
    assert [line.strip().split("  ")[0] for line in lines[2:]] == [
        f"2026-03-02 10:15:06{zone}", f"2026-03-02 10:15:06.5{zone}", f"2026-03-02 10:15:07{zone}",
    ]  # fmt: skip
    smoothed = str(fog.smooth(run)).splitlines()
    assert smoothed[2].startswith(f"  2026-03-02 10:15:00{zone}  ") and "…" in smoothed[7]


def test_seconds_stay_seconds() -> None:
    ahead = fog.forecast(fog.run(MODEL, SECONDS), steps=2)
    assert repr(ahead) == "Forecast(2 rows, 6 s to 6.5 s, gap, gap_speed)"
    assert [line.split()[0] for line in str(ahead).splitlines()[1:]] == ["time", "6", "6.5"]


def test_predictions_name_their_sensor_and_a_model_the_states_of_its_start() -> None:
    ahead = fog.forecast(fog.run(MODEL, DATED), steps=2)
    assert repr(ahead.state) == "Prediction(gap, gap_speed: 2 steps)"
    assert repr(ahead.sensors) == "{'radar': Prediction(radar.gap: 2 steps)}"
    assert ahead.sensors["radar"].sensor == "radar" and ahead.state.sensor == ""
    assert repr(MODEL) == (
        "Model(Motion(gap, gap_speed; accel=0.5), [Sensor(radar: gap; std=0.5)], "
        "start=Belief(gap = 0.3 ± 1, gap_speed = 1 ± 0.775))"
    )
    named = fog.Model(
        MODEL.motion, MODEL.sensors, fog.Belief([1.0, 0.3], std=[2, 1], names=("gap_speed", "gap"))
    )
    assert "start=Belief(gap = 0.3 ± 1, gap_speed = 1 ± 2)" in repr(named)
    assert "start=Belief(gap = 0 ± inf, gap_speed = 0 ± inf)" in repr(
        fog.Model(MODEL.motion, MODEL.sensors, fog.Belief([0, 0], std=[np.inf, np.inf]))
    )
    assert repr(fog.Model(MODEL.motion, MODEL.sensors, None)).endswith("start=None)")


@pytest.mark.parametrize(
    ("method", "text"),
    [
        (fog.EKF(), "EKF()"),
        (fog.EKF(iterations=3, form="joseph"), "EKF(iterations=3, form='joseph')"),
        (fog.EKF(gate=0.99, recover=2.0), "EKF(gate=0.99, recover=2.0)"),
        (fog.EKF(gate={"radar": 0.9}), "EKF(gate={'radar': 0.9})"),
        (fog.UKF(alpha=0.5), "UKF(alpha=0.5)"),
        (fog.CKF(huber=2.0), "CKF(huber=2.0)"),
        (fog.KF(form="textbook"), "KF(form='textbook')"),
    ],
)
def test_a_method_shows_the_options_that_differ(method: object, text: str) -> None:
    assert repr(method) == text
