"""A log that is too short to judge says so, and how much longer it would have to be; a log of that length is enough."""

import re
from typing import Any

import numpy as np
import pytest

import foglight as fog

MODEL = fog.Model(
    fog.motion.constant_velocity("gap", accel=0.6),
    [fog.sensing.linear("radar", of="gap", std=0.8)],
    fog.Belief([50.0, -1.0], std=[5.0, 1.0]),
)


def checked(rows: int, seed: int = 2, missing: float = 0.0) -> fog.Health:
    log, _ = fog.simulate(MODEL, steps=rows, dt=0.3, seed=seed, missing=missing)
    return fog.check(fog.run(MODEL, log))


def tracks_of_one(z: Any) -> fog.Log:
    return fog.Log.from_arrays(np.zeros(len(z)), track=np.arange(len(z)), radar=z)


def lacking(health: fog.Health) -> dict[str, int]:
    """{noise: rows that the log lacks}, as the note says."""
    (note,) = [note for note in health.notes if "too short" in note] or [""]
    return {
        name: int(count.replace(",", ""))
        for name, count in re.findall(r"(Q|the noise of \S+) ([\d,]+)[,.]", note)
    }


def test_a_refusal_says_how_many_readings_are_missing() -> None:
    log, _ = fog.simulate(MODEL, steps=40, dt=0.3, seed=2, missing=0.7)
    used = int(np.sum(~np.isnan(log.bind(MODEL))))
    assert 5 < used < 20
    more = int(np.ceil((20 - used) * 40 / used))
    with pytest.raises(
        fog.DataError, match=rf"used {used} readings of 40 rows.* {20 - used} more .*{more} rows"
    ) as caught:
        fog.check(fog.run(MODEL, log))
    assert caught.value.field == "log" and caught.value.value == used


def test_a_log_without_any_used_reading_is_refused() -> None:
    """An unknown start takes the first readings of every track."""
    log = tracks_of_one(np.arange(30.0))
    with pytest.raises(
        fog.DataError, match=r"used 0 readings of 30 rows: .* with 20 more that the filter can use\."
    ):
        fog.check(fog.run(MODEL.with_start(None), log))


def test_a_short_log_says_what_it_cannot_judge_and_a_longer_one_can() -> None:
    short = checked(60)
    assert short.ok
    lacks = lacking(short)
    assert lacks.keys() == {"Q"} and 50 < lacks["Q"] < 2_000
    assert not lacking(checked(60 + round(1.5 * lacks["Q"])))
    assert lacking(checked(60 + round(0.4 * lacks["Q"])))
    very_short = lacking(checked(22))
    assert very_short.keys() == {"Q", "the noise of radar.gap"}
    assert very_short["Q"] > 10 * very_short["the noise of radar.gap"]


def test_tracks_too_short_for_a_correlation_say_so() -> None:
    rng = np.random.default_rng(3)
    health = fog.check(fog.run(MODEL, tracks_of_one(50.0 + np.hypot(5.0, 0.8) * rng.standard_normal(60))))
    assert health.ok and any(
        "correlation over time of radar.gap is not tested" in note and "at most 0" in note
        for note in health.notes
    )
    assert not any("is not tested" in note for note in checked(60).notes)
