"""Memory blocks for results are reused once no array uses them, and never before."""

import os
import subprocess
import sys
import threading
from pathlib import Path

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


@pytest.mark.parametrize("share", [1, 100])
@pytest.mark.parametrize("lends", [True, False])
def test_large_blocks_are_kept_where_the_system_may_take_them(
    lends: bool, share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a share of the machine: one of 100 MB here. Where it cannot take them back, they are not kept."""
    lent: list[int] = []
    monkeypatch.setattr(memory, "_lender", lambda: (lambda block: lent.append(len(block))) if lends else None)
    monkeypatch.setattr(memory, "_LENT", 1 << 21)
    monkeypatch.setattr(memory, "_KEPT_BYTES", 1 << 21)
    monkeypatch.setattr(memory, "_LENT_SHARE", share)
    monkeypatch.setattr(memory, "available_memory", lambda: 100_000_000)
    array = memory.empty((300, 1000), np.float64)
    del array
    assert lent == [2_400_000] * lends
    assert len(memory._spare) == (lends and share == 1)


def test_what_is_written_to_a_lent_block_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_LENT", 1 << 20)
    for number in range(4):
        array = memory.empty((300, 1000), np.float64)
        array[:] = number
        assert (array == number).all() and len(memory._spare) == 0
        del array
        assert len(memory._spare) == 1


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


def test_details_and_covariances_are_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take more than the run."""
    model = fog.linear_model(
        0.9 * np.eye(6) + 0.01,
        np.eye(6) + 0.1,
        np.ones((1, 6)),
        [[0.5]],
        start=fog.Belief(np.zeros(6), std=np.ones(6)),
    )
    log = fog.Log.regular(np.linspace(0.0, 1.0, 9_000)[:, None], dt=0.1)
    run = fog.run(model, log)
    monkeypatch.setattr(memory, "available_memory", lambda: 8 * 9_000 * 31)
    fog.run(model, log)
    for result in (lambda: run.gain, lambda: run.filtered.cov):
        with pytest.raises(
            fog.DataError, match=r"the results of 9000 rows, \d+ bytes each, take .* GiB"
        ) as caught:
            result()
        assert (caught.value.field, caught.value.value) == ("log", 9_000)


def test_the_memory_of_the_machine_is_known() -> None:
    assert memory.available_memory() > 1 << 26


@pytest.mark.parametrize(("text", "bytes_"), [("1073741824\n", 1 << 30), ("max\n", None)])
def test_a_container_may_have_less(
    text: str, bytes_: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "memory.max").write_text(text)
    monkeypatch.setattr(memory, "_LIMITS", (str(tmp_path / "none"), str(tmp_path / "memory.max")))
    monkeypatch.setattr(memory, "_of_container", memory._of_container.__wrapped__)
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert memory.available_memory() == min(machine, bytes_ or machine)


LARGE = """
import resource
import numpy as np
import foglight as fog

n, rows = 200, 100_000
rng = np.random.default_rng(1)
F = 0.95 * np.linalg.qr(rng.standard_normal((n, n)))[0]
B = rng.standard_normal((n, n))
model = fog.linear_model(
    F, B @ B.T / n + 0.1 * np.eye(n), rng.standard_normal((2, n)), [[1.0, 0.2], [0.2, 0.8]],
    start=fog.Belief(np.zeros(n), std=np.ones(n)),
)
time = np.minimum(np.arange(rows), 50.0)  # after 50 rows nothing moves and nothing is read: such rows cost nothing
z = np.where(np.arange(rows)[:, None] <= 50, rng.standard_normal((rows, 2)), np.nan)
run = fog.run(model, fog.Log.from_arrays(time, **{model.sensors[0].name: z}), keep="last")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, run.engine)
"""


@pytest.mark.campaign
def test_two_hundred_states_and_a_hundred_thousand_rows_fit_into_300_megabytes() -> None:
    pytest.importorskip("llvmlite.binding")
    printed = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True).stdout
    kilobytes, _, engine = printed.partition(" ")
    assert "on whole arrays" in engine
    assert int(kilobytes) < 300_000
