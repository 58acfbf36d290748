"""Filters compared on one log: figures against runs and their equations, the choice, the advice, the table."""

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.compiler.backends import interpreter
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.kernels.curvature import curvature_kernel
from foglight.diagnostics.compare.choice import chosen, gain
from foglight.diagnostics.compare.compare import USUAL, Comparison
from foglight.diagnostics.compare.curvature import curvature_of
from foglight.diagnostics.compare.pushed_function import PlainCurve
from foglight.diagnostics.compare.scores import Compared
from foglight.equations import unscented
from foglight.equations.gaussian import Belief as Factors
from foglight.inference.prepare import prepare

Array = NDArray[np.float64]
BOTH = ("x", "y")


def radar(range_std: float = 0.3, bearing_std: float = 0.05) -> fog.Sensor:
    return fog.Sensor(
        "radar", ("range", "bearing"), lambda x, p: [np.hypot(x.x, x.y), np.arctan2(x.y, x.x)],
        lambda x, p: [[p.r**2, 0.0], [0.0, p.b**2]], {"r": range_std, "b": bearing_std}, ("bearing",),
    )  # fmt: skip


def planar(sensor: fog.Sensor, std: Any = (6.0, 5.0, 1.0, 0.5)) -> fog.Model:
    return fog.Model(
        fog.motion.constant_velocity(BOTH, accel=0.5), [sensor], fog.Belief([40.0, 20.0, 1.0, 0.5], std=std)
    )


CURVED = planar(radar())
SHARP = planar(radar(0.01, 0.01), (20.0, 20.0, 3.0, 3.0))  # a precise range of a position known to metres
STRAIGHT = planar(fog.sensing.linear("fix", of=BOTH, std=0.4))


@pytest.fixture(scope="module")
def curved() -> tuple[fog.Log, Array, Comparison]:
    log, truth = fog.simulate(CURVED, 300, 0.1, seed=1, missing=0.1)
    return log, truth, fog.compare(CURVED, log, truth=truth)


def test_the_figures_are_those_of_the_runs(curved: tuple[fog.Log, Array, Comparison]) -> None:
    log, truth, found = curved
    assert [row.name for row in found.rows] == ["KF()", "EKF()", "EKF(iterations=3)", "UKF()", "CKF()"]
    columns = found.columns()
    for k, method in enumerate(USUAL[1:], start=1):
        run = fog.run(CURVED, log, method)
        error, std = run.filtered.mean - truth, run.filtered.std
        assert columns["loglik"][k] == run.loglik
        used = (~np.isnan(run.innovation)).sum()
        assert columns["nis"][k] == pytest.approx(np.nansum(run.nis) / used)
        assert columns["rmse_y_speed"][k] == pytest.approx(np.sqrt(np.mean(error[:, 3] ** 2)), rel=1e-12)
        assert columns["covered_x"][k] == pytest.approx(np.mean(np.abs(error[:, 0]) < 1.959964 * std[:, 0]))
        nees = np.einsum("ti,tij,tj->t", error, np.linalg.inv(run.filtered.cov), error)
        assert columns["nees"][k] == pytest.approx(nees.mean() / 4.0, rel=1e-9)
        both = ~np.isnan(run.innovation).any(axis=1)
        assert both.all() or np.isnan(run.nis[~both]).all()  # all components are missing together
        assert columns["inside"][k] == pytest.approx(np.mean(run.nis[both] <= 5.991464547107979))


def test_a_filter_that_refuses_keeps_its_row_with_the_reason(
    curved: tuple[fog.Log, Array, Comparison],
) -> None:
    row = curved[2].rows[0]
    assert re.search(r"radar.measure is not linear in the state: test_compare.py:\d+:\d+", row.refused)
    assert np.isnan(row.loglik) and np.isnan(row.seconds) and row.run is None
    assert "KF()       " in repr(curved[2]) and "refused" in repr(curved[2])
    assert curved[2].as_dict()["methods"][0]["loglik"] is None
    assert list(curved[2].runs) == ["EKF()", "EKF(iterations=3)", "UKF()", "CKF()"]


def test_times_are_of_the_kernels(curved: tuple[fog.Log, Array, Comparison]) -> None:
    """The EKF has 748 operations, the UKF 2,774 and takes longer; neither takes as long as a call from Python."""
    seconds = dict(zip(curved[2].columns()["method"], curved[2].columns()["seconds"], strict=True))
    assert 1.3 * seconds["EKF()"] < seconds["UKF()"]
    assert 1e-9 < seconds["EKF()"] < 20e-6


def test_where_functions_hardly_bend_the_ekf_is_enough(curved: tuple[fog.Log, Array, Comparison]) -> None:
    found = curved[2]
    assert found.best == fog.EKF() and not found.linear
    assert re.fullmatch(
        r"use EKF\(\): radar\.range bends by at most [\d.]+ sigma \(row 0; in the median row 0\.0\d+\), and \S+, at "
        r"[\d.]+x the time, is no better \(log density of the truth [-+][\d.]+ ± [\d.]+\)\.",
        found.advice,
    ), found.advice


def test_where_they_bend_another_is_advised() -> None:
    log, truth = fog.simulate(SHARP, 300, 0.1, seed=1)
    for known in (None, {"x": truth[:, 0], "y": truth[:, 1]}):
        found = fog.compare(SHARP, log, truth=known)
        assert found.best != fog.EKF()
        assert re.match(r"use (EKF\(iterations=3\)|[UC]KF\(\)): radar.range bends by at most", found.advice)
        assert (
            f"it is better than EKF() (log density of the {'readings' if known is None else 'truth'}"
            in found.advice
        )
        assert gain(next(r for r in found.rows if r.method == found.best), found.rows[1]).total > 10.0


def test_on_a_linear_model_all_are_the_kalman_filter() -> None:
    log, truth = fog.simulate(STRAIGHT, 200, 0.1, seed=3)
    found = fog.compare(STRAIGHT, log, truth=truth)
    columns = found.columns()
    np.testing.assert_allclose(columns["loglik"], columns["loglik"][0], rtol=1e-12)
    np.testing.assert_allclose(columns["nees"], columns["nees"][0], rtol=1e-9)
    assert found.linear and found.best == fog.KF() and found.curvature is not None
    assert found.curvature.largest == (0.0, "", -1) and found.curvature.typical == 0.0
    assert found.advice.startswith("use KF(): the model is linear, so all methods compute the same; ")


def test_wrong_noises_are_named_beside_the_method() -> None:
    log, _ = fog.simulate(CURVED.with_parameters({"r": 0.9}), 300, 0.1, seed=4)
    found = fog.compare(CURVED, log, [fog.EKF(), fog.UKF()])
    assert re.search(
        r"Its NIS, [2-9]\.\d{3} per component, is outside \[0\.\d{3}, 1\.\d{3}\]: tune the noises",
        found.advice,
    )


def curve_of(row: int, run: fog.Run) -> tuple[Factors, PlainCurve]:
    """The predicted belief of a row, and the radar's function on floats."""
    U, D = run.predicted.factor
    belief = Factors(run.predicted.mean[row], U[row], D[row])
    measure: Any = CURVED.sensors[0].measure
    return belief, PlainCurve(lambda x: measure(x, None), CURVED.state, belief.x, np.ones(4), (1,))


def test_curvature_is_the_difference_of_the_moments(curved: tuple[fog.Log, Array, Comparison]) -> None:
    """Against the equations on floats, at the beliefs of the run: sigma points of h, and its Taylor term."""
    run = fog.run(CURVED, curved[0])
    bend = curvature_of(run)
    assert bend is not None and bend.names == (*CURVED.state, "radar.range", "radar.bearing")
    weights = fog.UKF().weights(4)
    for row in (0, 1, 57):
        belief, curve = curve_of(row, run)
        mean, deviations = unscented.moments(
            *curve.spread(belief.x, unscented.points(belief, weights)), weights, (1,)
        )
        y, H = curve.linearise(belief.x)
        R = np.array([0.3**2, 0.05**2])
        straight = np.diag((H @ belief.U * belief.D) @ belief.U.T @ H.T) + R
        bent = (deviations**2).sum(axis=1) / weights.square + R
        np.testing.assert_allclose(bend.shift[row, 4:], (mean - y) / np.sqrt(R), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(
            bend.widening[row, 4:], np.sqrt(bent / straight) - 1.0, rtol=1e-8, atol=1e-12
        )
    unused = np.isnan(run.innovation)
    assert unused.any() and np.isnan(bend.shift[:, 4:][unused]).all()
    assert (
        np.isnan(bend.shift[0, :4]).all() and (bend.shift[1:, :4] == 0.0).all()
    )  # no time has passed; a linear motion
    size, name, row = bend.largest
    assert (name, row) == ("radar.range", 0) and size == pytest.approx(abs(bend.shift[0, 4]))
    assert 0.0 < bend.typical < 0.1 * size
    columns = bend.columns()
    np.testing.assert_array_equal(columns["radar.range_shift"], bend.shift[:, 4])
    assert bend.to_frame("polars").shape == (300, 13)


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(gate=0.999)])
def test_curvature_has_the_same_bits_from_numpy(method: Any) -> None:
    log, _ = fog.simulate(CURVED, 12, 0.1, seed=1, missing=0.2)
    arrays = prepare(CURVED, log, method, None)
    kernel = curvature_kernel(CURVED, method)
    carry, records = interpreter.scan(kernel, arrays)
    compiled = CompiledEngine(kernel).run(arrays)
    assert compiled[0].tobytes() == carry.tobytes() and compiled[1].tobytes() == records.tobytes()
    assert np.isfinite(records).any()


def test_a_curved_motion_is_in_predicted_standard_deviations() -> None:
    """x' = x + dt sin(x) moves the mean by -½ dt sin(m) P, exactly for the third-order sigma points of a small P."""
    walk = fog.Motion(("x",), lambda x, dt, p: [x.x + dt * np.sin(x.x)], lambda x, dt, p: [[0.01 * dt]])
    model = fog.Model(walk, [fog.sensing.linear("gauge", of="x", std=0.5)], fog.Belief([1.0], std=[0.05]))
    run = fog.run(model, fog.Log.from_arrays([0.0, 0.5], gauge=[float("nan"), 1.2]))
    bend = curvature_of(run)
    assert bend is not None
    P = 0.05**2
    predicted = np.sqrt((1.0 + 0.5 * np.cos(1.0)) ** 2 * P + 0.005)
    assert bend.shift[1, 0] == pytest.approx(-0.25 * np.sin(1.0) * P / predicted, rel=1e-3)
    assert bend.widening[1, 0] == pytest.approx(0.0, abs=1e-3)


def test_tracks_gates_and_angles() -> None:
    rng = np.random.default_rng(6)
    logs = [fog.simulate(CURVED, 40, 0.1, seed=seed) for seed in (1, 2)]
    z = np.stack([log.bind(CURVED) for log, _ in logs])
    z[0, 20, 0] += 40.0
    side = fog.Log.regular(z, dt=0.1)
    truth = np.stack([true for _, true in logs])
    found = fog.compare(CURVED, side, [fog.EKF(gate=0.999), fog.UKF(gate=0.999)], truth)
    assert found.rows[0].run is not None
    assert found.rows[0].loglik == pytest.approx(float(np.sum(found.rows[0].run.loglik)))
    assert found.curvature is not None and found.curvature.shift.shape == (2, 40, 6)
    assert np.isnan(found.curvature.shift[0, 20, 4])  # left out by the gate
    assert "tune the noises" not in found.advice
    order = rng.permutation(2)
    ragged = fog.Log.from_arrays(
        np.tile(np.arange(40) * 0.1, 2), track=np.repeat(order, 40), radar=np.vstack(list(z[order]))
    )
    again = fog.compare(CURVED, ragged, [fog.EKF(gate=0.999), fog.UKF(gate=0.999)])
    np.testing.assert_allclose(again.columns()["loglik"], found.columns()["loglik"], rtol=1e-12)


def test_functions_that_cannot_be_compiled_are_compared_too() -> None:
    model = planar(
        fog.Sensor("radar", ("range",), fog.opaque(lambda x, p: [np.hypot(x.x, x.y)]), lambda x, p: [[0.09]])
    )
    log, _ = fog.simulate(planar(fog.sensing.range("radar", of=BOTH, std=0.3)), 30, 0.1, seed=1)
    found = fog.compare(model, log, [fog.KF(), fog.EKF(), fog.UKF()])
    assert found.curvature is None and not found.linear
    assert "how far the functions bend is unknown" in found.advice
    assert found.as_dict()["curvature"] is None and found.rows[1].seconds > 0.0


def scored(name: str, readings: Any, states: Any = ()) -> Compared:
    method: fog.EKF | fog.UKF = {
        "EKF": fog.EKF(), "IEKF": fog.EKF(iterations=3), "UKF": fog.UKF(), "bounded": fog.EKF(huber=1.5)
    }[name]  # fmt: skip
    used = np.full((len(readings), 2), True)
    return Compared(method, readings=np.array(readings, float), used=used, states=np.array(states, float))


def test_the_choice_goes_down_the_list() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=400)
    plain, same = scored("EKF", noise), scored("IEKF", noise + 0.01 * rng.normal(size=400))
    clear = scored("UKF", noise + 0.1 + 0.2 * rng.normal(size=400))
    assert chosen([plain, same]) is plain and not gain(same, plain).clear
    assert chosen([plain, same, clear]) is clear and not gain(plain, clear).clear
    assert chosen([clear, plain]) is clear
    found = gain(clear, plain)
    assert found.steady and 25.0 < found.total < 55.0
    assert 2.0 < found.error < 8.0  # 0.2 √400 = 4


def test_few_rows_decide_if_their_difference_is_decisive() -> None:
    quiet = np.zeros(200)
    jump = quiet.copy()
    jump[3] = 12.0
    found = gain(scored("UKF", jump), scored("EKF", quiet))
    assert found.clear and not found.steady and str(found).endswith("+12, most of it from few rows")
    jump[3] = 8.0
    assert not gain(scored("UKF", jump), scored("EKF", quiet)).clear
    # Errors of neighbouring rows are correlated: a log density of the truth of 60 from 10 of 200 rows counts as 6.
    stretch = quiet.copy()
    stretch[:10] = 6.0
    assert not gain(scored("UKF", quiet, stretch), scored("EKF", quiet, quiet)).clear
    assert gain(scored("UKF", quiet, 2.0 * stretch), scored("EKF", quiet, quiet)).clear


def test_the_truth_decides_before_the_readings() -> None:
    quiet, better = np.zeros(200), np.full(200, 0.1)
    assert gain(scored("EKF", quiet, better), scored("UKF", 9.0 * better, quiet)).clear
    assert not gain(scored("UKF", 9.0 * better, quiet), scored("EKF", quiet, better)).clear
    # If the truth points the same way but not clearly, readings that are clear decide.
    lean = 0.001 * better
    assert gain(scored("UKF", better, lean), scored("EKF", quiet, quiet)).of == "the readings"
    assert gain(scored("UKF", quiet, lean), scored("EKF", quiet, quiet)).of == "the truth"
    assert gain(scored("UKF", better, -lean), scored("EKF", quiet, quiet)).of == "the truth"
    lost = quiet.copy()
    lost[5] = -np.inf
    assert gain(scored("EKF", quiet, quiet), scored("UKF", quiet, lost)).clear


def test_different_gates_are_compared_only_against_the_truth() -> None:
    """A bound or a gate makes readings likelier by bounding or leaving out the unlikely ones."""
    quiet, better = np.zeros(200), np.full(200, 0.5)
    found = gain(scored("bounded", better), scored("EKF", quiet))
    assert not found.comparable and not found.clear
    assert gain(scored("bounded", better, better), scored("EKF", quiet, quiet)).of == "the truth"
    log, truth = fog.simulate(STRAIGHT, 300, 0.1, seed=3)
    methods = [fog.EKF(), fog.EKF(huber=1.0), fog.EKF(gate=0.9)]
    without = fog.compare(STRAIGHT, log, methods)
    assert without.rows[2].loglik > without.rows[0].loglik and without.best == fog.EKF()
    assert without.advice == (
        "use EKF(): no function bends; different gates or bounds can be compared only against the truth: give truth."
    )
    against = fog.compare(STRAIGHT, log, methods, truth)
    assert against.best == fog.EKF() and "is no better (log density of the truth -" in against.advice


def test_rows_that_one_method_left_out_are_not_compared() -> None:
    quiet, worse = scored("EKF", np.zeros(200)), scored("UKF", np.full(200, -0.5))
    worse.used[50:, 1] = False
    assert gain(quiet, worse).total == pytest.approx(25.0)


def test_rounding_chooses_no_method() -> None:
    """Readings of 1e9 under a std of about 1: log-likelihoods of -1e19 differ by thousands, and mean nothing."""
    wild = 1e9 * np.random.default_rng(1).normal(size=(300, 2))
    found = fog.compare(STRAIGHT, fog.Log.regular(wild, dt=0.1))
    assert found.best == fog.KF()
    assert re.search(r"Its NIS, \d\.?\d*e\+1\d per component", found.advice)
    assert all(len(line) < 160 for line in str(found).splitlines()[2:])


def test_a_log_without_readings_is_compared_only_with_truth() -> None:
    silent = fog.Log.regular(np.full((4, 2), np.nan), dt=0.1)
    with pytest.raises(
        fog.DataError, match="the log has no reading at all: expected some to compare methods"
    ):
        fog.compare(STRAIGHT, silent)
    found = fog.compare(STRAIGHT, silent, truth={STRAIGHT.state[0]: [1.0, 1.0, 1.0, 1.0]})
    assert found.rows[0].rmse[0] > 0.0 and "nan" not in str(found)


def test_it_is_plain_json_and_a_dataframe(curved: tuple[fog.Log, Array, Comparison]) -> None:
    import json

    plain = json.loads(json.dumps(curved[2].as_dict(), allow_nan=False))
    assert plain["best"] == "EKF()" and plain["advice"] == curved[2].advice
    assert plain["methods"][1]["rmse_x"] == curved[2].columns()["rmse_x"][1]
    assert plain["curvature"]["of"] == "radar.range" and plain["curvature"]["row"] == 0
    assert curved[2].to_frame("polars").shape == (5, 17)
    lines = repr(curved[2]).splitlines()
    assert lines[0] == curved[2].advice.replace("use", "Use", 1) and lines[2].startswith("method")


@pytest.mark.parametrize(
    "methods, says",
    [
        ([], r"methods = \[\]: expected a list of methods"),
        ("EKF", "methods = 'EKF': expected a list"),
        ([fog.EKF(), "UKF"], r"methods\[1\] = 'UKF': expected fog.KF"),
        (
            [fog.EKF(), fog.EKF()],
            r"methods\[1\] = EKF\(\): expected each method once, and this is a duplicate",
        ),
        ([fog.KF()], "radar.measure is not linear"),
        ([fog.UKF(kappa=-4.0)], "kappa"),
    ],
)
def test_what_is_refused(methods: Any, says: str) -> None:
    with pytest.raises(fog.ModelError, match=says):
        fog.compare(CURVED, fog.Log.from_arrays([0.0], radar=[[1.0, 2.0]]), methods)


def test_input_that_every_method_refuses_is_an_error() -> None:
    with pytest.raises(fog.ModelError, match=r"compare\(Model, list\): expected a fog.Model and a fog.Log"):
        fog.compare(CURVED, [1.0])  # type: ignore[arg-type]
    with pytest.raises(fog.DataError, match="truth has shape"):
        fog.compare(CURVED, fog.Log.from_arrays([0.0], radar=[[1.0, 2.0]]), truth=np.ones(3))
    with pytest.raises(fog.DataError, match="lidar"):
        fog.compare(CURVED, fog.Log.from_arrays([0.0], lidar=[[1.0, 2.0]]))


def test_an_unknown_start() -> None:
    """Rows with an unknown state have no curvature; after them it is that of a run from the belief there."""
    turning = fog.Motion(
        ("x", "speed"), lambda x, dt, p: [x.x + dt * x.speed, x.speed - 0.3 * dt * np.sin(x.x)],
        lambda x, dt, p: [[0.01 * dt, 0.0], [0.0, 0.02 * dt]],
    )  # fmt: skip
    model = fog.Model(turning, [fog.sensing.linear("gauge", of="x", std=0.5)], None)
    z = np.array([np.nan, 1.0, 1.2, 1.1, 0.7, 0.4])
    times = np.arange(6) * 0.5
    whole = fog.run(model, fog.Log.from_arrays(times, gauge=z))
    bend = curvature_of(whole)
    assert bend is not None
    assert np.isnan(bend.shift[:3]).all() and (bend.shift[3:, 1] != 0.0).all()
    belief = fog.Belief(whole.filtered.mean[2], cov=whole.filtered.cov[2])
    rest = fog.Log.from_arrays(times[2:], gauge=[np.nan, *z[3:]])
    known = curvature_of(fog.run(model.with_start(belief), rest))
    assert known is not None
    np.testing.assert_allclose(bend.shift[3:], known.shift[1:], rtol=1e-9)
    for log in (
        fog.Log.from_arrays(times, gauge=z),
        fog.Log.from_arrays(np.tile(times, 2), gauge=np.tile(z, 2), track=np.repeat([1, 2], 6)),
        fog.Log.regular(np.stack([z, z[::-1]])[:, :, None], dt=0.5),
        fog.Log.from_arrays([0.0], gauge=[1.0]),
    ):
        found = fog.compare(model, log, [fog.EKF(), fog.UKF()])
        assert np.isfinite(found.columns()["loglik"]).all() and (found.columns()["seconds"] > 0.0).all()
        assert found.curvature is not None and found.advice.startswith("use EKF()")
