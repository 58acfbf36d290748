"""The number of threads: who says it, who keeps to it, and what is left behind."""

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends import llvm_engine
from foglight.core import threads

MODEL = fog.Model(
    fog.motion.constant_velocity(("x", "y"), accel=0.4),
    [fog.sensing.range_bearing("radar", range_std=0.5, bearing_std=0.1)],
    start=fog.Belief([5, 4, 0, 0], std=[1, 1, 1, 1]),
)
Z = np.array([6.4, 0.7]) + 0.05 * np.random.default_rng(1).standard_normal((30, 40, 2))
LOG = fog.Log.regular(Z, dt=0.1)
VERBS = {
    "run": lambda run, **k: fog.run(MODEL, LOG, **k),
    "smooth": fog.smooth,
    "check": fog.check,
    "forecast": lambda run, **k: fog.forecast(run, steps=3, **k),
    "tune": lambda run, **k: fog.tune(MODEL, LOG, ["accel"], heldout=False, **k),
}


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of threads of each scan, with jobs of any size in threads."""
    found: list[int] = []
    share_out = threads.share_out

    def counted(work: Any, parts: Any, count: int) -> None:
        found.append(count)
        share_out(work, parts, count)

    monkeypatch.setattr(llvm_engine, "_THREAD", 1)
    monkeypatch.setattr(threads, "share_out", counted)
    monkeypatch.setattr(threads, "cores", lambda: 3)
    return found


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_keeps_to_the_number_and_uses_all_cores_without_one(verb: str, used: list[int]) -> None:
    run = fog.run(MODEL, LOG, threads=1)
    used.clear()
    VERBS[verb](run, threads=1)
    assert max(used, default=1) == 1
    used.clear()
    VERBS[verb](run, threads=2)
    assert max(used) == 2
    used.clear()
    VERBS[verb](run)
    assert max(used) == 3
    assert threads.allowed() == 3


def test_what_is_computed_later_keeps_to_it_too(used: list[int]) -> None:
    run = fog.run(MODEL, LOG, threads=1)
    smoothed = fog.smooth(run, threads=1)
    used.clear()
    assert np.isfinite(run.gain).any() and np.isfinite(smoothed.lag_one_cov).any()
    assert max(used, default=1) == 1
    run, smoothed = fog.run(MODEL, LOG), fog.smooth(run)
    used.clear()
    assert np.isfinite(run.gain).any() and max(used) == 3
    used.clear()
    assert np.isfinite(smoothed.lag_one_cov).any() and max(used) == 3


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "2"])
def test_a_wrong_number_is_refused(wrong: Any) -> None:
    with pytest.raises(fog.ModelError, match=r"threads = .* expected a whole number >= 1") as caught:
        fog.run(MODEL, LOG, threads=wrong)
    assert (caught.value.field, caught.value.value) == ("threads", wrong)


def test_a_small_job_stays_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "concurrent.futures.ThreadPoolExecutor", lambda *_, **__: pytest.fail("started a thread")
    )
    fog.smooth(fog.run(MODEL, LOG, threads=8), threads=8)


def test_every_part_is_done_once_and_no_thread_stays() -> None:
    done: list[int] = []

    def work(left: Iterator[int]) -> None:
        for part in left:
            time.sleep(0.001)
            done.append(part)

    before = threading.active_count()
    threads.share_out(work, range(50), 4)
    assert sorted(done) == list(range(50)) and threading.active_count() == before


@pytest.mark.parametrize("where", ["the caller", "another"])
def test_an_error_of_any_thread_reaches_the_caller_and_the_others_stop(where: str) -> None:
    caller, done = threading.get_ident(), []

    def work(left: Iterator[int]) -> None:
        for part in left:
            if (threading.get_ident() == caller) == (where == "the caller"):
                raise MemoryError(part)
            time.sleep(0.001)
            done.append(part)

    with pytest.raises(MemoryError):
        threads.share_out(work, range(400), 2)
    assert len(done) < 400 or where == "another"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_runs_in_threads_of_its_own(used: list[int]) -> None:
    expected = fog.run(MODEL, LOG, threads=2).loglik.tobytes()
    child = os.fork()
    if child == 0:
        same = fog.run(MODEL, LOG, threads=2).loglik.tobytes() == expected
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.campaign
def test_two_threads_take_half_the_time_each() -> None:
    """CPU time of the longest thread: the machine may have other work."""
    log = fog.Log.regular(np.tile(Z, (40, 10, 1)), dt=0.1)
    engine = fog.run(MODEL, log, keep="last", on_bad="flag")._engine
    arrays = fog.run(MODEL, log, keep="last", on_bad="flag")._arrays
    spent: list[float] = []
    share_out = threads.share_out

    def longest(count: int) -> float:
        spent.clear()
        begun = time.thread_time()

        def timed(work: Any, parts: Any, threads: int) -> None:
            def one(left: Any) -> None:
                first = time.thread_time()
                work(left)
                spent.append(time.thread_time() - first)

            share_out(one, parts, threads)

        with pytest.MonkeyPatch.context() as patch, threads.at_most(count):
            patch.setattr(threads, "share_out", timed)
            engine.run(arrays)
        return max(spent, default=time.thread_time() - begun)

    one, two = (min(longest(count) for _ in range(7)) for count in (1, 2))
    assert one / two > 1.7
