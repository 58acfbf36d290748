"""The engines of kernels: lanes, frames, threads, the fallback, and results that come from several kernels."""

import builtins
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.examples import EXAMPLES, Example, arrays, turns
from foglight.compiler.backends import interpreter, jit
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.backends.llvm_frames import make_frame
from foglight.compiler.engine import engine as engines
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.kernel import FRAME, Kernel

BY_NAME = {e.name: e for e in EXAMPLES}


@cache
def kernel(name: str) -> Kernel:
    return BY_NAME[name].kernel()


def data(name: str, tracks: int, rows: int = 40) -> Arrays:
    return arrays(BY_NAME[name], kernel(name), tracks, rows)


def same(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return [x.tobytes() for x in a] == [x.tobytes() for x in b] and all(x.size for x in a)


@pytest.mark.parametrize(
    ("asked", "tracks", "lanes"),
    [(8, 1, 1), (8, 2, 2), (8, 3, 2), (8, 7, 4), (8, 8, 8), (4, 99, 4), (1, 9, 1)],
)
def test_no_more_lanes_than_tracks(asked: int, tracks: int, lanes: int) -> None:
    assert CompiledEngine(kernel("walk-KF"), asked).lanes(tracks) == lanes


def test_lanes_fill_the_registers_of_this_machine() -> None:
    assert jit.best_lanes() in (2, 4, 8)
    assert CompiledEngine(kernel("walk-KF")).lanes(1000) == jit.best_lanes()


def test_a_long_kernel_is_compiled_with_little_effort_and_said_to_take_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = data("plane-KF", 2)
    expected = interpreter.scan(kernel("plane-KF"), given)
    efforts: list[int] = []
    compile_scan = jit.compile_scan
    monkeypatch.setattr(
        jit, "compile_scan", lambda text, effort: (efforts.append(effort), compile_scan(text, effort))[1]
    )
    monkeypatch.setattr(engines, "_LONG", kernel("plane-KF").size - 1)
    monkeypatch.setattr("foglight.compiler.backends.llvm_engine._FEW_ROWS", 0)
    assert same(engines.engine_for(kernel("plane-KF")).run(given), expected)
    monkeypatch.setattr(engines, "SLOW", kernel("plane-KF").size - 1)
    with pytest.warns(
        fog.FoglightWarning, match=r"x.* has \d+ operations: compiling them, once for a model, takes"
    ):
        engines.engine_for(kernel("plane-KF"))
    assert efforts == [0]


@pytest.mark.parametrize("tracks", [1, 2, 3, 4, 5, 7, 8, 9, 13, 17])
def test_any_number_of_tracks(tracks: int) -> None:
    """The last lanes are filled up from the tracks before them, and nothing is written outside."""
    given = data("plane-KF", tracks)
    engine = CompiledEngine(kernel("plane-KF"))
    found = engine.run(given)
    assert found[1].shape == (tracks, 40, kernel("plane-KF").width)
    assert same(found, interpreter.scan(kernel("plane-KF"), given))


def test_nothing_is_written_beside_the_results() -> None:
    given, k = data("plane-KF", 5), kernel("plane-KF")
    engine = CompiledEngine(k, 4)
    carry, out = np.full((7, k.carried), 7.0), np.full((7, 40, k.width), 7.0)
    memo = engine.memo(4, 5, 40)
    frame = make_frame(k, given, carry[1:6], out[1:6], memo)
    engine.scan(4)(frame.ctypes.data)
    assert same((carry[1:6], out[1:6]), engine.run(given))
    assert (carry[[0, 6]] == 7.0).all() and (out[[0, 6]] == 7.0).all()


@pytest.mark.parametrize("name", ["driven-EKF", "varying-KF", "walk-KF"])
def test_tracks_are_independent(name: str) -> None:
    """Tracks with controls, readings and starts of their own give the same one by one and together."""
    given = data(name, 6)
    rng = np.random.default_rng(4)
    starts = np.repeat(given.carry, 6, axis=0)
    starts[:, 0] += rng.standard_normal(6)
    starts[2, -2:] = 12.5, 5.0  # a log-likelihood and a status from earlier rows
    together = Arrays(**{**given.__dict__, "carry": starts})
    found = CompiledEngine(kernel(name)).run(together)
    assert same(found, interpreter.scan(kernel(name), together))
    scalar = CompiledEngine(kernel(name), 1)
    for k, one in enumerate(together.each()):
        assert same(scalar.run(one), (found[0][k : k + 1], found[1][k : k + 1]))
    fresh = scalar.run(
        Arrays(**{**together.__dict__, "carry": np.where(starts == starts[2, -2], 0.0, starts)})
    )
    assert found[0][2, -2] != fresh[0][2, -2] and int(found[0][2, -1]) & 5 == 5


def test_arrays_that_are_shared_among_tracks() -> None:
    """One control for all is the same as a copy for each."""
    given = data("driven-EKF", 5)
    shared = Arrays(**{**given.__dict__, "u": given.u[:1].copy()})
    copied = Arrays(**{**given.__dict__, "u": np.repeat(given.u[:1], 5, axis=0)})
    engine = CompiledEngine(kernel("driven-EKF"))
    assert same(engine.run(shared), engine.run(copied)) and not same(engine.run(shared), engine.run(given))
    one_log = Arrays(**{**given.__dict__, "z": given.z[:1].copy()})
    assert same(engine.run(one_log), interpreter.scan(kernel("driven-EKF"), one_log))


def test_widths_of_zero_and_logs_of_no_rows() -> None:
    given = data("walk-KF", 3)
    assert given.u.shape == (3, 40, 0) and given.row.shape == (1, 40, 0)
    for lanes in (1, 2):
        empty = Arrays(
            given.dt[:0], given.u[:, :0], given.row[:, :0], given.z[:, :0], given.params, given.carry
        )
        carry, out = CompiledEngine(kernel("walk-KF"), lanes).run(empty)
        assert out.shape == (3, 0, kernel("walk-KF").width)
        np.testing.assert_array_equal(carry, np.repeat(given.carry, 3, axis=0))


def test_a_run_in_pieces_is_the_run() -> None:
    """The carry out of one scan is the carry into the next."""
    given, engine = data("radar-EKF", 3), CompiledEngine(kernel("radar-EKF"))
    carry, out = engine.run(given)

    def piece(rows: slice, carry: Any) -> Arrays:
        z = np.ascontiguousarray(given.z[:, rows])
        return Arrays(given.dt[rows].copy(), given.u[:, rows], given.row[:, rows], z, given.params, carry)

    middle, head = engine.run(piece(slice(17), given.carry))
    last, tail = engine.run(piece(slice(17, None), middle))
    assert same((last, np.concatenate([head, tail], axis=1)), (carry, out))


def test_the_frame_holds_addresses_and_strides() -> None:
    given, k = data("driven-EKF", 3), kernel("driven-EKF")
    carry, out = np.empty((3, k.carried)), np.empty((3, 40, k.width))
    memo = np.zeros((2, 8), np.uint8)
    frame = dict(zip(FRAME, make_frame(k, given, carry, out, memo).tolist(), strict=True))
    for name, array in {
        "dt": given.dt,
        "u": given.u,
        "row": given.row,
        "z": given.z,
        "params": given.params,
    }.items():
        assert frame[name] == array.ctypes.data
    assert frame["carry_in"] == given.carry.ctypes.data and frame["carry_out"] == carry.ctypes.data
    assert frame["out"] == out.ctypes.data and frame["memo"] == memo.ctypes.data and frame["slots"] == 2
    assert (frame["tracks"], frame["rows"]) == (3, 40)
    strides = (frame["u_stride"], frame["z_stride"], frame["carry_in_stride"], frame["out_stride"])
    assert strides == (40 * 2, 40 * 2, 0, 40 * k.width)


def test_threads_run_side_by_side() -> None:
    """Eight threads on one engine, not yet compiled when they start, give the results of one thread."""
    given = [data("radar-EKF", 9, rows) for rows in range(60, 68)]
    alone = [CompiledEngine(kernel("radar-EKF")).run(one) for one in given]
    shared, gate = CompiledEngine(kernel("radar-EKF")), threading.Barrier(8)

    def work(k: int) -> list[Any]:
        gate.wait()
        return [shared.run(given[(k + i) % 8]) for i in range(24)]

    with ThreadPoolExecutor(8) as pool:
        for k, found in enumerate(pool.map(work, range(8))):
            assert all(same(result, alone[(k + i) % 8]) for i, result in enumerate(found))


def test_threads_share_the_kernels_of_a_model() -> None:
    model = turns(0)
    log = fog.simulate(turns(0), 50, 0.1, seed=5)[0]
    expected = fog.run(turns(0), log).loglik
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: fog.run(model, log).loglik, range(16)))
    assert found == [expected] * 16 and len(model.kernels) == 1


def test_without_llvm_the_interpreter_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is slower, gives the same bits, and `run.engine` names it."""
    model = BY_NAME["radar-EKF"].model(0)
    log = fog.simulate(model, 40, 0.1, seed=5, missing=0.2)[0]
    compiled = fog.run(model, log)
    before = (
        fog.run(model, log, keep="last").belief,
        compiled.filtered.cov,
        compiled.gain,
        compiled.predicted.std,
    )
    assert compiled.engine.startswith("llvm, ")
    really = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("llvmlite"):
            raise ImportError(name)
        return really(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    monkeypatch.setattr("foglight.compiler.engine.engine._said", [])
    model = fog.Model(model.motion, model.sensors, model.start)  # for which nothing is compiled yet
    with pytest.warns(fog.FoglightWarning, match="llvmlite is not installed"):
        run = fog.run(model, log)
    assert run.engine.startswith("interpreter") and "llvmlite" in run.engine
    assert same((run._carry, run._records), (compiled._carry, compiled._records))
    last = fog.run(model, log, keep="last").belief
    after = last, run.filtered.cov, run.gain, run.predicted.std
    assert same((after[0].mean, after[0].cov, *after[1:]), (before[0].mean, before[0].cov, *before[1:]))


@pytest.mark.parametrize("name", ["plane-KF", "plane-textbook", "radar-UKF", "rates-EKF", "elementary-EKF"])
def test_the_last_belief_is_the_last_row(name: str) -> None:
    """The kernel without records is another Program, and carries the same bits; with several tracks too."""
    example = BY_NAME[name]
    model = example.model(0)
    every = engine_of(model, example.method, "result")
    last = engine_of(model, example.method, "last")
    assert last.kernel.size <= every.kernel.size and last.kernel.width == 0
    given = arrays(example, every.kernel, 5, 50)
    carry, records = every.run(given)
    assert records[:, -1, : len(every.kernel.carry)].tobytes() == carry[:, :-2].tobytes()
    assert last.run(given)[0].tobytes() == carry.tobytes()
    assert np.ptp(carry[:, 0]) > 0.0


def test_keep_last_through_run() -> None:
    model = BY_NAME["radar-EKF"].model(0)
    log = fog.simulate(model, 60, 0.1, seed=8, missing=0.3)[0]
    every, last = fog.run(model, log), fog.run(model, log, keep="last")
    assert last.loglik == every.loglik
    np.testing.assert_array_equal(last.belief.mean, every.filtered.mean[-1])
    for a, b in zip(last.belief.factor, every.filtered.factor, strict=True):
        np.testing.assert_array_equal(a, b[-1])


def details(example: Example) -> tuple[fog.Model, Any]:
    model = example.model(60)
    rng = np.random.default_rng(9)
    log = fog.simulate(model, 60, 0.1, seed=8)[0]
    z = log.bind(model)
    z[rng.random(z.shape) < 0.15] = np.nan
    z[7] = np.nan
    return model, fog.run(model, fog.Log.regular(z, dt=0.1), method=example.method)


@pytest.mark.parametrize(
    "name",
    ["plane-KF", "plane-joseph", "plane-textbook", "varying-KF", "radar-EKF", "radar-UKF", "radar-CKF"],
)
def test_details_lead_to_the_results(name: str) -> None:
    """predicted + gain · innovation is filtered; P - K S Kᵀ is its covariance; S gives the NIS and likelihood."""
    model, run = details(BY_NAME[name])
    e, K, S = run.innovation, run.gain, run.innovation_cov
    used = ~np.isnan(e)
    assert 0 < used.sum() < used.size and not used[7].any()
    gain, residual = np.where(used[:, None, :], K, 0.0), np.where(used, e, 0.0)
    mean = run.predicted.mean + np.einsum("tnm,tm->tn", gain, residual)
    for i, angle in enumerate(model.state):
        if angle in model.motion.angles:
            mean[:, i] -= 2 * np.pi * np.floor((mean[:, i] + np.pi) / (2 * np.pi))
    np.testing.assert_allclose(mean, run.filtered.mean, rtol=1e-12, atol=1e-12)
    S_used = np.where(np.isnan(S), 0.0, S)
    cov = run.predicted.cov - np.einsum("tnm,tmk,tlk->tnl", gain, S_used, gain)
    np.testing.assert_allclose(cov, run.filtered.cov, rtol=1e-11, atol=1e-12 * run.predicted.cov.max())
    for k in range(len(e)):
        u = used[k]
        if u.any():
            block, v = S[k][np.ix_(u, u)], e[k][u]
            nis = v @ np.linalg.solve(block, v)
            loglik = -0.5 * (u.sum() * np.log(2 * np.pi) + np.linalg.slogdet(block)[1] + nis)
            np.testing.assert_allclose((run.nis[k], run.row_loglik[k]), (nis, loglik), rtol=1e-10, atol=1e-12)
        else:
            assert np.isnan(run.nis[k]) and run.row_loglik[k] == 0.0
    assert run.loglik == pytest.approx(run.row_loglik.sum(), rel=1e-13)


def test_details_come_from_one_more_scan_once() -> None:
    _, run = details(BY_NAME["radar-EKF"])
    assert run.gain is run.gain and run.innovation_cov is run.innovation_cov
    assert run._detail is run._detail
    np.testing.assert_array_equal(run.predicted.mean[7], run.filtered.mean[7])


def shaped(tracks: int, gap: bool = False) -> Arrays:
    """Readings of many tracks for the plane's kernel; gap: one of them is missing."""
    nothing = np.zeros((1, 3, 0))
    widths = kernel("plane-KF").widths
    z = np.ones((tracks, 3, widths["z"]))
    if gap:
        z[0, 1, 0] = np.nan
    carry = np.zeros((1, kernel("plane-KF").carried))
    return Arrays(np.full(3, 0.1), nothing, nothing, z, np.ones(widths["params"]), carry)


@pytest.mark.parametrize("runs", [1, 40])
def test_few_rows_are_worth_little_effort_and_many_are_worth_more(
    runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of one run or of several; a caller of `scan` who gives no number has many."""
    efforts: list[int] = []
    compile_scan = jit.compile_scan

    def counted(text: str, effort: int = 2) -> Any:
        efforts.append(effort)
        return compile_scan(text, effort)

    given, short, long = (data("walk-KF", *size) for size in ((5, 16_000 // runs), (1, 40), (1, 50_000)))
    monkeypatch.setattr(jit, "compile_scan", counted)
    engine = CompiledEngine(kernel("walk-KF"), 2)
    first = engine.run(given)
    for _ in range(runs - 1):
        engine.run(given)
    assert efforts == [0]  # 48,000 rows of two lanes
    for _ in range(runs):
        assert same(engine.run(given), first)
    assert efforts == [0, 2]
    engine.run(short)
    assert efforts == [0, 2, 0]  # one lane
    engine.scan(1)
    engine.scan(1, 1)
    assert efforts == [0, 2, 0, 2]
    CompiledEngine(kernel("walk-KF"), 1).run(long)
    assert efforts == [0, 2, 0, 2, 2]
    CompiledEngine(kernel("walk-KF"), 1, effort=0).run(long)
    assert efforts == [0, 2, 0, 2, 2, 0]


def test_the_engine_names_itself() -> None:
    engine = CompiledEngine(kernel("plane-KF"), 4)
    assert engine.describe(shaped(1)) == f"llvm, {kernel('plane-KF').size} operations, 1 lane"
    assert engine.describe(shaped(9)) == f"llvm, {kernel('plane-KF').size} operations, 4 lanes"


def test_four_lanes_where_writing_dominates_unless_the_caller_asks_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jit, "best_lanes", lambda: 8)
    assert CompiledEngine(kernel("plane-KF")).lanes_for(shaped(20)) == 4
    assert CompiledEngine(kernel("plane-KF")).lanes_for(shaped(20, gap=True)) == 8
    assert CompiledEngine(kernel("plane-KF"), 8).lanes_for(shaped(20)) == 8
    assert CompiledEngine(kernel("plane-KF")).lanes_for(shaped(3)) == 2
