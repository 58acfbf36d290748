"""Blocks for results are used again once nobody holds an array on them, and never before."""

import threading

import numpy as np
import pytest

from foglight import memory


@pytest.fixture(autouse=True)
def nothing_spare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_spare", [])


def test_a_block_is_used_again_when_its_last_view_is_gone() -> None:
    first = memory.empty((500, 400), np.float64)
    place, view = first.ctypes.data, first[3:7, 2]
    del first
    other = memory.empty((500, 400), np.float64)
    assert other.ctypes.data != place
    view[:] = 7.0
    del view
    assert memory.empty((500, 390), np.float64).ctypes.data == place


def test_what_is_small_or_much_smaller_gets_memory_of_its_own() -> None:
    large = memory.empty((1000, 1000), np.float64)
    place = large.ctypes.data
    del large
    assert memory.empty((400, 1000), np.float64).ctypes.data != place
    assert memory.empty((10, 10), np.float64).base is None


def test_few_blocks_are_kept() -> None:
    arrays = [memory.empty((200 + k, 1000), np.float64) for k in range(9)]
    del arrays
    assert len(memory._spare) <= 4


def test_threads_never_share_a_block() -> None:
    def fill(number: float, wrong: list[float]) -> None:
        for _ in range(50):
            array = memory.empty((300, 500), np.float64)
            array[:] = number
            if not (array == number).all():
                wrong.append(number)

    wrong: list[float] = []
    threads = [threading.Thread(target=fill, args=(float(k), wrong)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
