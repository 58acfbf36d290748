"""How much a check computes beyond the run itself: in rows that it filters, and in calls of the engines."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.arrays import concatenated
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.diagnostics.check import divergence, expected_time
from foglight.diagnostics.check.effort import EFFORTS, NORMAL
from foglight.diagnostics.check.hypotheses import identifiability
from foglight.diagnostics.check.hypotheses.identifiability import sensors_apart
from foglight.diagnostics.check.hypotheses.ranking import _maximum
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.check.scale import components_alone
from foglight.diagnostics.check.suspects import rows_of_suspects, suspects, unsuspicious_sensors

MEASURES = 9
STD = 0.5 + 0.05 * np.arange(MEASURES)


def gauges(opaque: bool, std: float = 1.0) -> fog.Model:
    """Nine measures of two states, of one sensor, whose function may be one that cannot be traced."""
    weights = np.array([[1.0 + 0.1 * i, 0.3 * i - 1.0] for i in range(MEASURES)])

    def seen(x: Any, p: Any) -> Any:
        return [weights[i, 0] * x[0] + weights[i, 1] * x[1] for i in range(MEASURES)]

    sensor = fog.Sensor(
        "array", tuple(f"m{i}" for i in range(MEASURES)), fog.opaque(seen) if opaque else seen,
        lambda x, p: fog.noise.independent([(p.factor * s) ** 2 for s in STD]), {"factor": std},
    )  # fmt: skip
    motion = fog.motion.constant_velocity("gap", accel=0.4)
    return fog.Model(motion, [sensor], fog.Belief([5.0, 1.0], std=[2.0, 1.0]))


def rows_in(engine: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of every scan of this kind of engine from now on."""
    rows, run = list[int](), engine.run

    def counted(self: Any, arrays: Any, *more: Any) -> Any:
        rows.append(len(arrays.dt))
        return run(self, arrays, *more)

    monkeypatch.setattr(engine, "run", counted)
    return rows


def test_a_check_on_floats_takes_a_few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 34 measures it took a dozen runs of 300 rows, and as many minutes."""
    log, _ = fog.simulate(gauges(False), steps=150, dt=0.1, seed=3)
    run = fog.run(gauges(True), log)
    rows = rows_in(ReferenceEngine, monkeypatch)
    health = fog.check(run)
    assert health.ok and 150 < sum(rows) < 7 * 150
    told = next(note for note in health.notes if "not compiled" in note)
    assert f"6 of {MEASURES} components" in told and "effort='full'" in told


def test_a_component_that_stands_out_is_found_on_floats() -> None:
    component = 7
    log, _ = fog.simulate(gauges(False), steps=150, dt=0.1, seed=4)
    z = log.bind(gauges(False)).copy()
    z[:, component] += 3.0 * STD[component] * np.random.default_rng(1).standard_normal(150)
    health = fog.check(fog.run(gauges(True), fog.Log.from_arrays(log.time, array=z)))
    assert (health.findings[0].code, health.findings[0].subject) == ("R_SMALL", f"array.m{component}")


def test_the_noise_of_a_whole_sensor_is_found_on_floats() -> None:
    log, _ = fog.simulate(gauges(False), steps=150, dt=0.1, seed=5)
    health = fog.check(fog.run(gauges(True, std=0.5), log))
    assert (health.findings[0].code, health.findings[0].subject) == ("R_SMALL", "array")
    assert health.findings[0].suggestions["array.factor"] == pytest.approx(1.0, rel=0.15)


def noise(rows: int, sizes: tuple[int, ...]) -> Innovations:
    value = np.random.default_rng(2).standard_normal((rows, sum(sizes)))
    limit = np.full((rows, len(sizes)), np.inf)
    return Innovations(value, np.ones_like(value), limit, np.zeros(rows, np.int64), sizes)


def test_suspects_are_off_in_mean_or_size_or_over_time() -> None:
    found = noise(400, (12,))
    found.value[:, 3] *= 1.4
    found.value[:, 5] += 0.4
    found.value[1:, 9] = 0.6 * found.value[:-1, 9] + 0.8 * found.value[1:, 9]
    assert suspects(found, 3) == {3, 5, 9}
    assert suspects(found, 99) == set(range(12))
    found.value[:, 0] = np.nan
    assert 0 not in suspects(found, 11)


def test_sensors_that_do_not_stand_out_are_left_out() -> None:
    found = noise(400, (1,) * MEASURES)
    found.value[:, [2, 4]] *= 1.5
    sensors = [fog.sensing.linear(f"s{i}", of="gap", std=1.0) for i in range(MEASURES)]
    model = fog.Model(fog.motion.constant_velocity("gap", accel=0.4), sensors, fog.Belief([0, 0], std=[1, 1]))
    assert unsuspicious_sensors(found, model, MEASURES) == frozenset()
    assert unsuspicious_sensors(found, model, 2) == {s.name for s in sensors} - {"s2", "s4"}


def test_rows_are_searched_by_what_they_cost() -> None:
    """Beyond about 16 states a row takes longer than its components say."""
    assert NORMAL.rows_for(6, 29, 5, fast=True) == 50_000
    assert NORMAL.rows_for(34, 111, 4, fast=True) == NORMAL.rows_for(34, 111, fast=True)
    assert 150 < NORMAL.rows_for(34, 171, 34, fast=True) < 250
    for rows in (300, 3_000, 30_000):
        searched = rows_of_suspects(NORMAL, 34, 6, rows)
        assert 25 <= searched and 2 * 14 * searched <= max(2 * 14 * 25, 2 * rows)
    assert EFFORTS["full"].suspects > 34 < EFFORTS["full"].sensors


def evaluations(of: Callable[[float], float], least: float) -> tuple[int, float, float]:
    tried: list[float] = []

    def counted(number: float) -> float:
        tried.append(number)
        return of(number)

    best, value = _maximum(counted, 0.2, 0.8, least)
    return len(tried), best, value


@pytest.mark.parametrize("width", [1e-4, 1e-2, 0.1])
def test_a_hopeful_number_is_refined(width: float) -> None:
    _, best, _ = evaluations(lambda x: -(((x - 0.5) / width) ** 2), -((0.5 / width) ** 2))
    assert best == pytest.approx(0.5, rel=1e-3)


def test_a_hopeless_number_is_given_up() -> None:
    few, _, value = evaluations(lambda x: -3.0 - x, 0.0)
    assert few <= 10 and value < -3.0


def ragged(start: fog.Belief, tracks: int, method: Any) -> fog.Run:
    """Tracks of 2 to 40 rows, one after another, with readings missing."""
    rng = np.random.default_rng(7)
    model = fog.Model(
        fog.motion.constant_velocity("gap", accel=0.4), [fog.sensing.linear("radar", of="gap", std=0.8)], start
    )  # fmt: skip
    lengths = rng.integers(2, 41, tracks)
    time = np.concatenate([0.1 * np.arange(length) for length in lengths])
    z = 5.0 + time + 0.8 * rng.standard_normal(len(time))
    z[rng.random(len(z)) < 0.4] = np.nan
    return fog.run(
        model, fog.Log.from_arrays(time, track=np.repeat(np.arange(tracks), lengths), radar=z), method
    )


@pytest.mark.parametrize("outputs", ["result", "detail", "innovations"])
@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_tracks_with_an_unknown_start_run_together(
    method: Any, outputs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit as one by one, in a few calls: they were two calls and more for each track."""
    run = ragged(fog.Belief([0.0, 1.0], std=[np.inf, np.inf]), 120, method)
    engine, arrays = engine_of(run.model, method, outputs), run._arrays
    assert isinstance(engine, TwoPhaseEngine)
    carry, records = concatenated(engine.run(one) for one in arrays.each())
    unknown = [engine.unknown(one) for one in arrays.each()] if outputs != "innovations" else []
    calls = rows_in(CompiledEngine, monkeypatch)
    together = engine.run(arrays)
    assert len(calls) < 6 and sum(calls) == len(arrays.dt)
    assert np.array_equal(together[0], carry, equal_nan=True)
    assert np.array_equal(together[1], records, equal_nan=True)
    if unknown:
        assert arrays.first is not None
        rows, apart = engine.unknown(arrays)
        assert np.array_equal(
            rows, np.concatenate([f + r for f, (r, _) in zip(arrays.first, unknown, strict=True)])
        )
        assert np.array_equal(apart, np.concatenate([a for _, a in unknown], axis=1), equal_nan=True)


def test_tracks_whose_beliefs_stay_are_not_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ragged(fog.Belief([0.0, 1.0], std=[5.0, 1.0]), 300, fog.EKF())

    def refused(*_: Any) -> Any:
        raise AssertionError("a track whose standard deviations stay was looked at")

    monkeypatch.setattr(divergence, "_running_away", refused)
    assert divergence.divergence_findings(run) == []


def test_a_check_of_many_tracks_takes_few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ragged(fog.Belief([0.0, 1.0], std=[np.inf, np.inf]), 300, fog.EKF())
    calls = rows_in(CompiledEngine, monkeypatch)
    fog.check(run)
    assert len(calls) < 300 and sum(calls) < 100 * len(run.log)


def searched(std: float, steps: int = 60) -> fog.Run:
    log, _ = fog.simulate(gauges(False), steps=steps, dt=0.1, seed=6)
    return fog.run(gauges(False, std), log)


def clock_of(monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[int]:
    """A clock on which every run of a filter takes this long; the rows run so far, when the time was last asked for."""
    rows, run = [0], CompiledEngine.run

    def counted(self: Any, arrays: Any, *more: Any) -> Any:
        rows[0] += len(arrays.dt)
        return run(self, arrays, *more)

    monkeypatch.setattr(CompiledEngine, "run", counted)
    monkeypatch.setattr(expected_time, "clock", lambda: seconds * rows[0] / 60)
    return rows


@pytest.mark.parametrize("effort", ["normal", "quick"])
def test_a_long_check_warns_once_before_it_is_long(effort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run, rows = searched(1.0), clock_of(monkeypatch, 1.0)
    said: list[tuple[str, int]] = []
    monkeypatch.setattr(
        expected_time.warnings, "warn", lambda text, *_, **__: said.append((str(text), rows[0]))
    )
    fog.check(run, effort=effort)
    [(text, after)] = said
    assert text.startswith(
        "this check takes about 64 s: it runs the filter 64 times or so on 60 rows, 1 s each."
    )
    assert ("effort='quick'" in text) == (effort == "normal") and "fog.run(model, log[:n])" in text
    assert after <= 12 * 60 < rows[0] / 4
    fog.check(run, effort=effort)
    assert len(said) == 1


def test_a_fault_takes_longer_and_says_so_after_the_first_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.1 s for a run: 6 s where nothing is wrong, and about 61 s where something is."""
    clock_of(monkeypatch, 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fog.check(searched(1.0)).ok
    with pytest.warns(fog.FoglightWarning, match="this check takes about 61 s") as caught:
        health = fog.check(searched(0.5), effort="normal")
    assert not health.ok and len(caught) == 1 and caught[0].filename == __file__


def test_the_links_of_a_model_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every component and sensor asked for them again: 2 (n + 1) calls of all functions each time."""
    model, found = gauges(False), list[int]()
    of = identifiability._links
    monkeypatch.setattr(identifiability, "_links", lambda *given: (found.append(1), of(*given))[1])
    assert not components_alone(model) and sensors_apart(model) == {"array"}
    assert len(found) == 1
    x = identifiability.somewhere(model)
    F, H = identifiability.links(model, x)
    assert np.allclose(F, [[1.0, identifiability.STEP], [0.0, 1.0]]) and H.shape == (MEASURES, 2)
    other = model.with_parameters({"array.factor": 2.0})
    assert np.array_equal(identifiability.links(other, x)[1], H) and len(found) == 2
