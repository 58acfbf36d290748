"""Memory blocks for results are reused once no array uses them, and never before."""

import threading

import numpy as np
import pytest

import foglight as fog
from foglight.core import memory


@pytest.fixture(autouse=True)
def nothing_spare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_spare", [])


def test_a_block_is_reused_when_its_last_view_is_gone() -> None:
    first = memory.empty((500, 400), np.float64)
    address, view = first.ctypes.data, first[3:7, 2]
    del first
    other = memory.empty((500, 400), np.float64)
    assert other.ctypes.data != address
    view[:] = 7.0
    del view
    assert memory.empty((500, 390), np.float64).ctypes.data == address


def test_small_arrays_and_poor_fits_get_their_own_memory() -> None:
    large = memory.empty((1000, 1000), np.float64)
    address = large.ctypes.data
    del large
    assert memory.empty((400, 1000), np.float64).ctypes.data != address
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


def test_results_larger_than_the_machine_are_refused_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = fog.linear_model([[0.9]], [[0.1]], [[1.0]], [[0.5]], start=fog.Belief([0.0], std=[1.0]))
    log = fog.Log.regular(np.linspace(0.0, 1.0, 1_000)[:, None], dt=0.1)
    needed = 8 * 1_000 * 6  # mean, variance, innovation, nis, log-likelihood, status
    monkeypatch.setattr(memory, "available_memory", lambda: needed)
    fog.run(model, log)
    monkeypatch.setattr(memory, "available_memory", lambda: needed - 1)
    with pytest.raises(fog.DataError, match="the results of 1000 rows take") as caught:
        fog.run(model, log)
    assert (caught.value.field, caught.value.value) == ("log", 1_000)
    fog.run(model, log, keep="last")


def test_the_memory_of_the_machine_is_known() -> None:
    assert memory.available_memory() > 1 << 26
