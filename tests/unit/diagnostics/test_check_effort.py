"""How much a check computes: independent innovations from the filter itself, limits on the search, progress."""

import time
from functools import cache
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.diagnostics.check.coloured_noise import most_correlated
from foglight.diagnostics.check.effort import EFFORTS, NORMAL, RowCount
from foglight.diagnostics.check.innovations import Innovations, innovations_of, recorded, variances_of

MEASURES = 34
_RNG = np.random.default_rng(3)
H = _RNG.normal(size=(MEASURES, 4)).round(2)
STD = 0.8 * (1.0 + 0.02 * np.arange(MEASURES))
MOTION = fog.motion.constant_velocity(("px", "py"), accel=0.4)
START = fog.Belief([0.0, 0.0, 1.0, -1.0], std=[5.0, 5.0, 1.0, 1.0])


def seen(x: Any, i: int) -> Any:
    return H[i, 0] * x.px + H[i, 1] * x.py + H[i, 2] * x.px_speed + H[i, 3] * x.py_speed


@cache
def wide(as_sensors: bool) -> fog.Model:
    """34 measures of four states, of one sensor or of as many sensors."""
    if as_sensors:
        sensors = [
            fog.Sensor(f"s{i}", ("v",), lambda x, p, i=i: [seen(x, i)], lambda x, p: [[p.std**2]], {"std": STD[i]})
            for i in range(MEASURES)
        ]  # fmt: skip
        return fog.Model(MOTION, sensors, START)
    array = fog.Sensor(
        "array", tuple(f"m{i}" for i in range(MEASURES)), lambda x, p: [seen(x, i) for i in range(MEASURES)],
        lambda x, p: fog.noise.independent([(p.factor * s) ** 2 for s in STD]), {"factor": fog.param(1.0, low=0)},
    )  # fmt: skip
    return fog.Model(MOTION, [array], START)


@cache
def curved() -> fog.Model:
    """Two sensors of several measures with correlated noise, one of them curved."""
    pair = fog.Sensor(
        "pair", ("a", "b", "c"), lambda x, p: [x.px + 0.2 * x.py, np.hypot(x.px, x.py + 9.0), x.py_speed],
        lambda x, p: [[0.5, 0.12, 0.05], [0.12, 0.4, -0.08], [0.05, -0.08, 0.3]],
    )  # fmt: skip
    return fog.Model(MOTION, [pair, fog.sensing.linear("odo", of=("px_speed", "py_speed"), std=0.3)], START)


METHODS = [
    fog.EKF(), fog.EKF(iterations=3), fog.EKF(gate=0.9), fog.EKF(huber=1.5), fog.EKF(student=4), fog.UKF(), fog.CKF(),
]  # fmt: skip
UNKNOWN = [fog.Belief([0.5, 0.2, 1.0, -1.0], std=[np.inf, y, 1.0, 1.0]) for y in (2.0, np.inf)]


@pytest.mark.parametrize(
    ("method", "start"),
    [
        (fog.EKF(form="joseph"), START),
        *[(m, s) for m in METHODS for s in (START, UNKNOWN[1])],
        (fog.EKF(), UNKNOWN[0]),
        *[pytest.param(m, UNKNOWN[0], marks=pytest.mark.campaign) for m in METHODS[1:]],
    ],
    ids=repr,
)
def test_recorded_innovations_are_those_of_the_cholesky_factor(method: Any, start: fog.Belief) -> None:
    """Of the run's own e and S, component by component in declared order, with readings missing."""
    model = curved()
    log, _ = fog.simulate(model, steps=120, dt=0.3, seed=5, missing=0.3)
    run = fog.run(model.with_start(start), log, method)
    found = innovations_of(run)
    e, S, first = run.innovation, run.innovation_cov, 0
    tested = 0
    for sensor in model.sensors:
        at = slice(first, first := first + len(sensor.measures))
        for k in range(len(log)):
            used = ~np.isnan(e[k, at])
            if not used.any() or np.isnan(found.value[k, at]).all():
                continue
            L = np.linalg.cholesky(S[k, at, at][np.ix_(used, used)])
            assert found.value[k, at][used] == pytest.approx(
                np.linalg.solve(L, e[k, at][used]), rel=1e-7, abs=1e-9
            )
            assert found.scale[k, at][used] == pytest.approx(np.diag(L), rel=1e-9)
            assert np.isnan(found.value[k, at][~used]).all()
            tested += 1
    assert tested > 60
    variances = variances_of(model, recorded(run.model, run.method, run._arrays))
    counted = ~np.isnan(e)
    assert variances[counted] == pytest.approx(np.diagonal(S, axis1=1, axis2=2)[counted], rel=1e-9)


@pytest.mark.campaign
@pytest.mark.parametrize("as_sensors", [False, True])
def test_a_check_of_34_measures_is_compiled_and_short(
    as_sensors: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took minutes for 300 rows: S and K of 34 measures are too long to compile, so they ran on floats."""

    def refused(*_: Any) -> Any:
        raise AssertionError("a check of a compiled model ran on floats")

    monkeypatch.setattr(ReferenceEngine, "run", refused)
    model = wide(as_sensors)
    log, _ = fog.simulate(model, steps=300, dt=0.1, seed=1)
    run, rows = fog.run(model.with_parameters({"motion.accel": 0.15}), log), list[int]()
    started = time.process_time()
    health = fog.check(run, progress=rows.append)
    assert time.process_time() - started < 60.0
    assert health.codes[0] == "Q_SMALL" and 0.25 < health.findings[0].suggestions["motion.accel"] < 0.6
    assert rows == sorted(rows) and 0 < rows[0] <= 300
    # 111 perturbations, twice each, in two rounds; about as much again compares what explains the log.
    assert rows[-1] < 300 * 1200
    assert fog.check(fog.run(model, log)).ok


@pytest.mark.campaign
def test_the_search_of_a_wide_log_is_limited_and_says_so() -> None:
    model = wide(False)
    log, _ = fog.simulate(model, steps=6000, dt=0.1, seed=2)
    run, scans = fog.run(model, log), list[int]()
    health = fog.check(run, progress=scans.append)
    rows = NORMAL.rows_for(MEASURES, 1 + 3 * MEASURES + 2 * 4, fast=True)
    assert 2500 < rows < 2800 and scans[0] == rows
    assert health.ok and any(
        f"from the first {rows} rows, all else from all rows" in note for note in health.notes
    )
    power = next(note for note in health.notes if note.startswith("the smallest errors"))
    assert f"the noises of {MEASURES} measures by 1." in power and len(power) < 200


def test_rows_of_a_further_check_are_counted_once() -> None:
    """It reports its own number of rows, which comes on top of those before."""
    seen: list[int] = []
    count = RowCount(seen.append)
    count(10)
    further = count.onward()
    assert further is not None
    further(3)
    further(7)
    count(1)
    assert seen == [10, 13, 17, 18]
    assert RowCount(None).onward() is None


def test_a_narrow_log_is_searched_as_a_whole() -> None:
    for components, states in ((1, 2), (4, 4), (6, 5)):
        assert NORMAL.rows_for(components, 1 + 3 * components + 2 * states, fast=True) == 50_000
    assert NORMAL.rows_for(3, 7, fast=False) == 300


def narrow() -> fog.Model:
    return fog.Model(
        fog.motion.constant_velocity("gap", accel=0.4), [fog.sensing.linear("radar", of="gap", std=0.8)],
        fog.Belief([50.0, -1.0], std=[5.0, 1.0]),
    )  # fmt: skip


def test_efforts_differ_in_work_and_agree_on_a_plain_fault() -> None:
    log, _ = fog.simulate(narrow(), steps=3000, dt=0.1, seed=1)
    run, work = fog.run(narrow().with_parameters({"radar.std": 0.4}), log), {}
    for effort in EFFORTS:
        rows: list[int] = []
        health = fog.check(run, effort=effort, progress=rows.append)
        assert health.codes == ("R_SMALL",)
        assert health.findings[0].suggestions["radar.std"] == pytest.approx(0.8, rel=0.05)
        work[effort] = rows[-1]
    assert work["quick"] < 0.75 * work["normal"] and work["normal"] <= work["full"]


@pytest.mark.parametrize("effort", ["all", "", None, 3])
def test_an_unknown_effort_is_refused(effort: Any) -> None:
    log, _ = fog.simulate(narrow(), steps=50, dt=0.1, seed=1)
    with pytest.raises(fog.ModelError, match=r"effort = .*: expected one of 'normal', 'quick', 'full'"):
        fog.check(fog.run(narrow(), log), effort=effort)


def test_a_check_can_be_interrupted_and_begun_again() -> None:
    log, _ = fog.simulate(narrow(), steps=600, dt=0.1, seed=1)
    run = fog.run(narrow().with_parameters({"radar.std": 0.4}), log)
    whole = fog.check(run)

    def interrupt(rows: int) -> None:
        if rows > 3 * 600:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fog.check(run, progress=interrupt)
    again = fog.check(run)
    assert str(again) == str(whole)


def test_the_most_correlated_components_are_tried() -> None:
    rng = np.random.default_rng(2)
    value = rng.standard_normal((500, 12))
    for i in (3, 9):
        value[1:, i] = 0.6 * value[:-1, i] + 0.8 * value[1:, i]
    found = Innovations(
        value, np.ones_like(value), np.full((500, 12), np.inf), np.zeros(500, np.int64), (1,) * 12
    )
    assert most_correlated(found, 2) == [3, 9]
    assert most_correlated(found, 12) == list(range(12)) == most_correlated(found, 99)


def test_showing_a_fit_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`print(fit)` ran a check, which for 34 measures did not return in minutes."""
    model = wide(False)
    log, _ = fog.simulate(model, steps=200, dt=0.1, seed=1)
    fit = fog.tune(model, log, heldout=False)

    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("showing a fit ran the filter")

    for engine in (CompiledEngine, ReferenceEngine):
        monkeypatch.setattr(engine, "run", refused)
    started = time.process_time()
    text = str(fit)
    assert time.process_time() - started < 0.05
    assert repr(fit) == text and text.startswith("Tuned: ")
    assert text.splitlines()[-1] == "Not checked: fit.check() says whether the tuned model fits its log."
    assert fit.as_dict()["converged"] and set(fit.intervals) == set(fit.std_errors) == set(fit.params)
    with pytest.raises(AssertionError, match="ran the filter"):
        fit.check()
