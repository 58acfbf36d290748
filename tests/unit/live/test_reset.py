"""live.reset: the same as a new filter that begins there."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from unit.live_cases import METHODS, START, plane, rows, steered

NEW = fog.Belief([3.0, -1.0, 0.2, 0.1], std=[0.5, 0.6, 0.7, 0.8])


WITH_HISTORY = {"history": 2.0, "gap": 0.5, "repeats": "skip"}


@pytest.mark.parametrize(
    "name",
    [name if name == "EKF" else pytest.param(name, marks=pytest.mark.campaign) for name in METHODS],
)
def test_a_reset_filter_goes_on_as_a_new_one(name: str) -> None:
    model = plane()
    for options in ({}, WITH_HISTORY):
        _goes_on_as_a_new_one(model, name, options)


def _goes_on_as_a_new_one(model: fog.Model, name: str, options: dict[str, Any]) -> None:
    live = fog.online(model, METHODS[name], **options)
    readings = rows(model, count=20)
    for row in readings[:9]:
        row.step(live)
    at = readings[9].t - np.timedelta64(50, "ms")
    live.reset(NEW, at)
    new = fog.online(model.with_start(NEW), METHODS[name], start_time=at, **options)
    assert live.belief.cov.tobytes() == new.belief.cov.tobytes() and live.info is None
    for row in readings[9:]:
        (belief, info), (expected, other) = row.step(live), row.step(new)
        assert (
            belief.mean.tobytes() == expected.mean.tobytes()
            and belief.cov.tobytes() == expected.cov.tobytes()
        )
        assert info.gain.tobytes() == other.gain.tobytes() and info.status == other.status
    assert (live.rows, live.counts, live.loglik, live.time) == (new.rows, new.counts, new.loglik, new.time)


def test_a_reset_filter_is_restored_with_its_own_model() -> None:
    model = steered()
    live = fog.online(model, history=1.0)
    readings = rows(model, count=20)
    for row in readings[:9]:
        row.step(live)
    live.reset(NEW, readings[9].t)
    again = fog.restore(live.dumps(), model)
    for row in readings[9:]:
        assert row.step(live)[0].cov.tobytes() == row.step(again)[0].cov.tobytes()


def test_an_unknown_start_ends_with_a_reset() -> None:
    model = fog.structural(trend="random")
    live = fog.online(model)
    live.step(0.0, "series", 3.0)
    live.reset(fog.Belief([3.0, 0.1], std=[1.0, 0.2]), 5.0)
    new = fog.online(model.with_start(fog.Belief([3.0, 0.1], std=[1.0, 0.2])), start_time=5.0)
    assert live.step(6.0, "series", 3.2)[0].mean == pytest.approx(
        new.step(6.0, "series", 3.2)[0].mean, rel=1e-13
    )


def test_what_does_not_fit_changes_nothing() -> None:
    live = fog.online(plane())
    readings = rows(plane(), count=5)
    for row in readings:
        row.step(live)
    before = live.dumps()
    unknown = fog.Belief(np.zeros(4), std=[1.0, 1.0, 1.0, np.inf])
    for belief, t, error, words in [
        (fog.Belief([1.0], std=[1.0]), 9.0, fog.ModelError, "start"),
        (None, 9.0, fog.ModelError, r"belief = None: .*Write fog\.Belief\(mean"),
        (unknown, 9.0, fog.ModelError, "knows every direction"),
        (START, "now", fog.TimeError, "t = 'now'"),
        (START, np.datetime64("2026-01-01"), fog.TimeError, "is a date"),
    ]:
        with pytest.raises(error, match=words):
            live.reset(belief, t)  # type: ignore[arg-type]
        assert live.dumps() == before
