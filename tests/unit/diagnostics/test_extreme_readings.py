"""Readings that are infinite or overflow when squared: judged or left out, without a warning of NumPy.

Warnings are errors in all tests.
"""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight as fog

MODEL = fog.Model(
    fog.motion.constant_velocity(("gap",), accel=0.4),
    [fog.sensing.linear("radar", of="gap", std=0.8)],
    fog.Belief([5.0, 0.0], std=[5.0, 1.0]),
)
LOG, TRUTH = fog.simulate(MODEL, 300, 0.1, seed=1)
Z = LOG.bind(MODEL)[:, 0]
NOISE = 2.0 * np.random.default_rng(0).normal(size=300)


def with_reading(value: float, row: int, z: Any = Z) -> fog.Log:
    z = z.copy()
    z[row] = value
    return fog.Log.from_arrays(LOG.time, radar=z)


@pytest.mark.parametrize("z", [Z, -Z, Z + NOISE], ids=["healthy", "wrong sign", "more noise"])
@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 7, 299])
def test_a_reading_that_was_left_out_counts_as_missing(z: Any, value: float, row: int) -> None:
    flagged = fog.check(fog.run(MODEL, with_reading(value, row, z), on_bad="flag"))
    missing = fog.check(fog.run(MODEL, with_reading(np.nan, row, z)))
    assert flagged.codes == missing.codes
    assert [finding.sentence for finding in flagged.findings] == [f.sentence for f in missing.findings]


VERBS: dict[str, Callable[[fog.Log], Any]] = {
    "check": lambda log: fog.check(fog.run(MODEL, log, on_bad="flag")),
    "check with truth": lambda log: fog.check(fog.run(MODEL, log, on_bad="flag"), TRUTH),
    "check smoothed": lambda log: fog.check(fog.smooth(fog.run(MODEL, log, on_bad="flag")), TRUTH),
    "check a gate": lambda log: fog.check(fog.run(MODEL, log, fog.EKF(gate=0.99), on_bad="flag")),
    "check a bound": lambda log: fog.check(fog.run(MODEL, log, fog.EKF(huber=2.0), on_bad="flag")),
    "compare": lambda log: repr(fog.compare(MODEL, log)),
    "compare with truth": lambda log: repr(fog.compare(MODEL, log, truth={"gap": TRUTH[:, 0]})),
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
    known = {"gap": np.r_[TRUTH[:1, 0], np.full(299, np.nan)]}
    assert repr(fog.compare(MODEL, LOG, [fog.EKF()], known)).endswith("1 of 300 rows have truth.")
    unread = fog.Log.from_arrays(LOG.time, radar=np.full(300, np.nan))
    assert "300 of 300 rows have truth." in repr(fog.compare(MODEL, unread, [fog.EKF()], TRUTH))


def test_a_run_can_be_copied() -> None:
    run = fog.run(MODEL, LOG)
    for other in (copy.copy(run), copy.deepcopy(run), copy.deepcopy([run])[0]):
        assert other.filtered.cov.tobytes() == run.filtered.cov.tobytes() and other.model is run.model
        assert fog.smooth(other).mean.tobytes() == fog.smooth(run).mean.tobytes()
        assert fog.check(other).codes == fog.check(run).codes
        assert (
            fog.forecast(other, steps=3).state.cov.tobytes() == fog.forecast(run, steps=3).state.cov.tobytes()
        )
    for result in (fog.smooth(run), fog.forecast(run, steps=3), fog.compare(MODEL, LOG), fog.check(run), LOG):
        assert repr(copy.deepcopy(result)) == repr(result)
    assert pickle.loads(pickle.dumps(LOG)).time_ns.tobytes() == LOG.time_ns.tobytes()
