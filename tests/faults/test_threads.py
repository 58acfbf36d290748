"""Threads: a live filter has one caller at a time; models are shared, and filters side by side give serial bits."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import foglight as fog
from faults.world import linear, model, snapshot, started

ROWS = np.array([[1.0, 2.0], [1.5, np.nan], [2.0, 0.5], [np.nan, np.nan], [0.5, 1.0]])


def waiting() -> tuple[Any, threading.Event, threading.Event]:
    """A live filter whose measure function waits once it is told to: inside it, and to be let go."""
    inside, leave, armed = threading.Event(), threading.Event(), threading.Event()

    def measure(x: Any, p: Any) -> Any:
        if armed.is_set():
            inside.set()
            assert leave.wait(20)
        return [x.gap]

    live = started(model(measure=fog.opaque(measure)))
    live.step(0.0, "radar", [5.0])
    armed.set()
    return live, inside, leave


def test_a_filter_in_use_refuses_a_second_caller() -> None:
    live, inside, leave = waiting()
    alone = started(model(measure=fog.opaque(lambda x, p: [x.gap])))
    for t, z in ((0.0, [5.0]), (1.0, [6.0]), (2.0, [7.0])):
        alone.step(t, "radar", z)
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(live.step, 1.0, "radar", [6.0])
        assert inside.wait(20)
        before = snapshot(live)
        for call in (lambda: live.step(1.0, "radar", [9.0]), live.copy, lambda: live.save("nowhere")):
            with pytest.raises(
                fog.StateError, match=r"in the middle of row 1: .* Give each thread its own"
            ) as caught:
                call()
        assert isinstance(caught.value, RuntimeError)
        assert caught.value.field == "live" and caught.value.index == 1
        assert caught.value.value == threading.current_thread().name
        assert snapshot(live) == before
        leave.set()
        under_way.result(20)
    live.step(2.0, "radar", [7.0])
    assert snapshot(live) == snapshot(alone)


@pytest.mark.parametrize("history", [0.0, 1.0])
def test_two_threads_at_once_take_no_row_twice_or_by_half(history: float) -> None:
    """Compiled steps let other threads in: whoever finds the filter busy is told, and every row taken is whole."""
    live = fog.online(linear(), fog.KF(), history=history)
    live.step(0.0, "sensor", [1.0, 2.0])
    start, taken = threading.Barrier(2), [0, 0]

    def hammer(who: int) -> None:
        start.wait(20)
        while taken[who] < 500:
            try:
                live.step(1.0, "sensor", [1.0, 2.0])
                taken[who] += 1
            except fog.StateError:
                pass

    turns = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(hammer, range(2)))
    finally:
        sys.setswitchinterval(turns)
    assert live.rows == 1 + sum(taken)
    alone = fog.online(linear(), fog.KF())
    for k in range(live.rows):
        alone.step(min(k, 1.0), "sensor", [1.0, 2.0])
    assert snapshot(live.belief) == snapshot(alone.belief) and live.loglik == alone.loglik


def test_a_function_that_steps_its_own_filter_is_refused() -> None:
    held: list[Any] = []

    def measure(x: Any, p: Any) -> Any:
        if held:
            held[0].step(1.0, "radar", [5.0])
        return [x.gap]

    live = started(model(measure=fog.opaque(measure)))
    held.append(live)
    before = snapshot(live)
    with pytest.raises(fog.StateError, match="in the middle of row 0"):
        live.step(0.0, "radar", [5.0])
    assert snapshot(live) == before


def test_filters_of_their_own_in_64_threads_give_serial_bits() -> None:
    shared = linear()

    def follow(seed: int) -> Any:
        rng = np.random.default_rng(seed)
        live = started(shared, fog.KF())
        for z in rng.normal(size=(200, 2)):
            live.step(live.time + float(rng.choice([0.0, 0.1, 1.0])), "sensor", z)
        return snapshot(live)

    serial = [follow(seed) for seed in range(64)]
    start = threading.Barrier(64)

    def together(seed: int) -> Any:
        start.wait(20)
        return follow(seed)

    with ThreadPoolExecutor(64) as pool:
        assert list(pool.map(together, range(64))) == serial
    assert len({str(bits) for bits in serial}) == 64


def test_one_model_compiled_by_eight_threads_at_once_gives_serial_bits() -> None:
    start = threading.Barrier(8)
    shared = linear()

    def run(_: int) -> Any:
        start.wait(20)
        return snapshot(fog.run(shared, fog.Log.regular(ROWS, dt=1.0), method=fog.KF()))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(run, range(8)))
    assert found == [snapshot(fog.run(linear(), fog.Log.regular(ROWS, dt=1.0), method=fog.KF()))] * 8
