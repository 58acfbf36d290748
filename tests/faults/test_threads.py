"""Threads: one stepper has one caller at a time; models are shared, and steppers side by side give serial bits."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import foglight as fog
from faults.world import linear, model, snapshot

ROWS = np.array([[1.0, 2.0], [1.5, np.nan], [2.0, 0.5], [np.nan, np.nan], [0.5, 1.0]])


def waiting() -> tuple[Any, threading.Event, threading.Event]:
    """A stepper whose measure function waits once it is told to: inside it, and to be let go."""
    inside, leave, armed = threading.Event(), threading.Event(), threading.Event()

    def measure(x: Any, p: Any) -> Any:
        if armed.is_set():
            inside.set()
            assert leave.wait(20)
        return [x.gap]

    stepper = model(measure=fog.opaque(measure)).stepper()
    stepper.step(0.0, [5.0])
    armed.set()
    return stepper, inside, leave


def test_a_stepper_in_use_refuses_a_second_caller() -> None:
    stepper, inside, leave = waiting()
    alone = model(measure=fog.opaque(lambda x, p: [x.gap])).stepper()
    for dt, z in ((0.0, [5.0]), (1.0, [6.0]), (1.0, [7.0])):
        alone.step(dt, z)
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(stepper.step, 1.0, [6.0])
        assert inside.wait(20)
        before = snapshot(stepper)
        with pytest.raises(
            fog.StateError, match=r"in the middle of step 1: .* Give each thread its own"
        ) as caught:
            stepper.step(1.0, [9.0])
        assert isinstance(caught.value, RuntimeError)
        assert caught.value.field == "stepper" and caught.value.index == 1
        assert caught.value.value == threading.current_thread().name
        assert snapshot(stepper) == before
        leave.set()
        under_way.result(20)
    stepper.step(1.0, [7.0])
    assert snapshot(stepper) == snapshot(alone)


def test_a_function_that_steps_its_own_stepper_is_refused() -> None:
    held: list[Any] = []

    def measure(x: Any, p: Any) -> Any:
        if held:
            held[0].step(1.0, [5.0])
        return [x.gap]

    stepper = model(measure=fog.opaque(measure)).stepper()
    held.append(stepper)
    before = snapshot(stepper)
    with pytest.raises(fog.StateError, match="in the middle of step 0"):
        stepper.step(0.0, [5.0])
    assert snapshot(stepper) == before


def test_steppers_of_their_own_in_64_threads_give_serial_bits() -> None:
    shared = linear()

    def follow(seed: int) -> Any:
        rng = np.random.default_rng(seed)
        stepper = shared.stepper(fog.KF())
        for z in rng.normal(size=(200, 2)):
            stepper.step(float(rng.choice([0.0, 0.1, 1.0])), z)
        return snapshot(stepper)

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
