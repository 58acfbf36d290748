"""Readings that are infinite or overflow when squared: judged or left out, without a warning of NumPy.

Warnings are errors in all tests.
"""

import copy
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import foglight as fog

MODEL = fog.Model(
    fog.motion.constant_velocity(("gap",), accel=0.4),
    [fog.sensing.linear("radar", of="gap", std=0.8)],
    fog.Belief([5.0, 0.0], std=[5.0, 1.0]),
)
NOISE = 2.0 * np.random.default_rng(0).normal(size=300)
READINGS: dict[str, Callable[[Any], Any]] = {
    "healthy": lambda z: z,
    "wrong sign": lambda z: -z,
    "more noise": lambda z: z + NOISE,
}


@cache
def simulated() -> tuple[fog.Log, Any]:
    """The log and its true states."""
    return fog.simulate(MODEL, 300, 0.1, seed=1)


def with_reading(value: float, row: int, readings: str = "healthy") -> fog.Log:
    log = simulated()[0]
    z = READINGS[readings](log.bind(MODEL)[:, 0]).copy()
    z[row] = value
    return fog.Log.from_arrays(log.time, radar=z)


@pytest.mark.parametrize("readings", READINGS)
@pytest.mark.parametrize("value", [np.inf, pytest.param(-np.inf, marks=pytest.mark.campaign)])
@pytest.mark.parametrize("row", [0, 7, 299])
def test_a_reading_that_was_left_out_counts_as_missing(readings: str, value: float, row: int) -> None:
    flagged = fog.check(fog.run(MODEL, with_reading(value, row, readings), on_bad="flag"))
    missing = fog.check(fog.run(MODEL, with_reading(np.nan, row, readings)))
    assert flagged.codes == missing.codes
    assert [finding.sentence for finding in flagged.findings] == [f.sentence for f in missing.findings]


VERBS: dict[str, Callable[[fog.Log], Any]] = {
    "check": lambda log: fog.check(fog.run(MODEL, log, on_bad="flag")),
    "check with truth": lambda log: fog.check(fog.run(MODEL, log, on_bad="flag"), simulated()[1]),
    "check smoothed": lambda log: fog.check(fog.smooth(fog.run(MODEL, log, on_bad="flag")), simulated()[1]),
    "check a gate": lambda log: fog.check(fog.run(MODEL, log, fog.EKF(gate=0.99), on_bad="flag")),
    "check a bound": lambda log: fog.check(fog.run(MODEL, log, fog.EKF(huber=2.0), on_bad="flag")),
    "compare": lambda log: repr(fog.compare(MODEL, log)),
    "compare with truth": lambda log: repr(fog.compare(MODEL, log, truth={"gap": simulated()[1][:, 0]})),
    "tune": lambda log: repr(fog.tune(MODEL, log, ["radar.std"], heldout=False)),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("value", [1e100, 1e155, 1e200, -1e308])
def test_no_warning_of_numpy_leaks(verb: str, value: float) -> None:
    for row in (0, 7, 299):
        try:
            VERBS[verb](with_reading(value, row))
        except fog.FoglightError as refused:
            assert len(str(refused)) > 20


def test_a_truth_of_one_row_gives_no_empty_means() -> None:
    log, truth = simulated()
    known = {"gap": np.r_[truth[:1, 0], np.full(299, np.nan)]}
    assert repr(fog.compare(MODEL, log, [fog.EKF()], known)).endswith("1 of 300 rows have truth.")
    unread = fog.Log.from_arrays(log.time, radar=np.full(300, np.nan))
    assert "300 of 300 rows have truth." in repr(fog.compare(MODEL, unread, [fog.EKF()], truth))


def test_a_run_can_be_copied() -> None:
    log, _ = simulated()
    run = fog.run(MODEL, log)
    for other in (copy.copy(run), copy.deepcopy(run), copy.deepcopy([run])[0]):
        assert other.filtered.cov.tobytes() == run.filtered.cov.tobytes() and other.model is run.model
        assert fog.smooth(other).mean.tobytes() == fog.smooth(run).mean.tobytes()
        assert fog.check(other).codes == fog.check(run).codes
        assert (
            fog.forecast(other, steps=3).state.cov.tobytes() == fog.forecast(run, steps=3).state.cov.tobytes()
        )
    for result in (fog.smooth(run), fog.forecast(run, steps=3), fog.compare(MODEL, log), fog.check(run), log):
        assert repr(copy.deepcopy(result)) == repr(result)
    assert pickle.loads(pickle.dumps(log)).time_ns.tobytes() == log.time_ns.tobytes()
