"""Results travel as data: pickled and deep-copied, with the same arrays, without engines and what is computed late."""

import copy
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog
from unit.model.travelling import radar

RNG = np.random.default_rng(4)
LOG = fog.Log.regular(5.0 + RNG.normal(size=120), dt=0.1)
WALK = 10.0 + RNG.normal(size=60).cumsum()


def _monthly(values: Any) -> fog.Log:
    return fog.Log.series(
        pd.Series(values, index=pd.period_range("2000-01", periods=len(values), freq="M"), name="series")
    )


@cache
def _run() -> fog.Run:
    return fog.run(radar(), LOG)


@cache
def _series() -> fog.Run:
    return fog.run(fog.structural(trend="random"), _monthly(WALK))


def _each() -> fog.Fits:
    days = list(pd.date_range("2000-01-01", periods=30))
    frame = pd.DataFrame({"unique_id": ["a"] * 30 + ["b"] * 30, "ds": days * 2, "y": WALK})
    return fog.tune_each(fog.structural(), frame)


def _tripled(x: Any) -> list[Any]:
    return [x[0] ** 3]


RESULTS: dict[str, Callable[[], Any]] = {
    "log": lambda: LOG,
    "dated log": lambda: _series().log,
    "belief": lambda: _run().belief,
    "run": _run,
    "run of tracks": lambda: fog.run(radar(), fog.Log.regular(RNG.normal(size=(3, 20, 1)), dt=0.1)),
    "last belief": lambda: fog.run(radar(), LOG, keep="last"),
    "unscented": lambda: fog.run(radar(), LOG, fog.UKF(gate=0.99)),
    "filtered": lambda: _run().filtered,
    "smoothed": lambda: fog.smooth(_run()),
    "health": lambda: fog.check(_run()),
    "comparison": lambda: fog.compare(radar(), LOG),
    "forecast": lambda: fog.forecast(_run(), steps=5),
    "fit": lambda: fog.tune(radar(), LOG),
    "fit of a series": lambda: fog.tune(fog.structural(), _monthly(WALK)),
    "fits": _each,
    "run of a series": _series,
    "smoothed series": lambda: fog.smooth(_series()),
    "components": lambda: fog.smooth(_series()).components(),
    "decomposition": lambda: _series().decompose(),
    "anomalies": lambda: fog.anomalies(_run()),
    "backtest": lambda: fog.backtest(radar(), LOG, horizon=5),
    "news": lambda: fog.news(_series(), fog.run(_series().model, _monthly([*WALK, 11.0])), steps=1),
    "choice": lambda: fog.choose_components(_monthly(WALK)),
    "steady state": lambda: fog.steady_state(radar(), dt=0.1),
    "suspects": lambda: fog.suspects(_run()),
    "pushed": lambda: fog.push(fog.Belief([1.0], std=[0.1]), _tripled),
    "explanation": lambda: fog.explain(radar()),
    "info": lambda: fog.online(radar()).step(0.1, "radar", [5.2])[1],
    "live belief": lambda: fog.online(radar()).step(0.1, "radar", [5.2])[0],
}


LONG = {  # the others are enough to see that nothing of their kinds stays behind
    "anomalies", "backtest", "choice", "dated log", "decomposition", "explanation", "fit of a series", "fits", "news",
    "pushed", "run of a series", "run of tracks", "smoothed series", "steady state", "suspects", "unscented",
}  # fmt: skip


def _numbers(result: Any) -> dict[str, bytes]:
    """Every public array and number of a result, by name."""
    if isinstance(result, fog.Run) and result._records is None:  # its last belief alone
        return {"mean": result.belief.mean.tobytes(), "cov": result.belief.cov.tobytes()}
    found = {}
    for name in dir(type(result)):
        if not name.startswith("_") and not callable(getattr(type(result), name)):
            value = getattr(result, name)
            if isinstance(value, float | int | np.ndarray):
                found[name] = np.asarray(value).tobytes()
    if hasattr(result, "columns"):
        found |= {name: np.asarray(column).tobytes() for name, column in result.columns().items()}
    return found


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.campaign) if name in LONG else name for name in RESULTS]
)
def test_a_result_comes_back_with_the_same_numbers(name: str) -> None:
    result = RESULTS[name]()
    expected = _numbers(result)
    copies = [pickle.loads(pickle.dumps(result)), copy.deepcopy(result), copy.copy(result)]
    for other in copies:
        assert isinstance(result, type(other))  # of a live belief the numbers travel, and not the filter
        assert (repr(other), str(other)) == (repr(result), str(result))
        assert _numbers(other) == expected


def test_what_is_computed_late_does_not_travel() -> None:
    run = fog.run(radar(), LOG)
    before = len(pickle.dumps(run))
    _ = run.gain, run.predicted.cov, run.filtered.cov, run.innovation_cov
    assert len(pickle.dumps(run)) == before
    assert before < 60 * 8 * len(LOG)  # a few dozen numbers a row


def test_a_copy_is_on_its_own_and_arrays_that_cannot_be_changed_stay_so() -> None:
    run = fog.run(radar(), LOG)
    for other in (pickle.loads(pickle.dumps(run)), copy.deepcopy(run)):
        assert not np.shares_memory(other.filtered.mean, run.filtered.mean)
        with pytest.raises(ValueError, match="read-only"):
            other.filtered.mean[0] = 0.0


def test_a_result_that_came_back_goes_on() -> None:
    run = pickle.loads(pickle.dumps(_run()))
    assert fog.smooth(run).cov.tobytes() == fog.smooth(_run()).cov.tobytes()
    assert fog.check(run).as_dict() == fog.check(_run()).as_dict()
    assert str(fog.forecast(run, steps=3)) == str(fog.forecast(_run(), steps=3))


@pytest.mark.campaign
def test_a_fit_that_came_back_goes_on() -> None:
    fit = pickle.loads(pickle.dumps(fog.tune(radar(), LOG)))
    again = fog.tune(radar(), LOG)
    assert fit.profile("accel", points=3).columns()["loglik"].tobytes() == (
        again.profile("accel", points=3).columns()["loglik"].tobytes()
    )
    assert str(fit.check()) == str(again.check())


def test_a_pickle_can_be_read_without_the_buffers_in_it() -> None:
    buffers: list[Any] = []
    sent = pickle.dumps(_run(), protocol=5, buffer_callback=buffers.append)
    back = pickle.loads(sent, buffers=buffers)
    assert buffers and back.filtered.cov.tobytes() == _run().filtered.cov.tobytes()
