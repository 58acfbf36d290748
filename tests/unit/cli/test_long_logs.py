"""Logs larger than memory: the peak memory, and the time compared with only reading the file."""

import csv
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

MODEL = """
[motion]
kind = "constant_velocity"
axes = ["x", "y"]
accel = 0.4
[[sensor]]
name = "gps"
kind = "linear"
of = ["x", "y"]
std = 0.8
[start]
mean = [0, 0, 0, 0]
std = [5, 5, 1, 1]
"""
COMMAND = [sys.executable, "-c", "from foglight.cli.main import main; main()"]
MIB = 1 << 20

pytestmark = pytest.mark.skipif(
    not hasattr(os, "wait4"), reason="this system does not report what a child used"
)


class Usage(NamedTuple):
    code: int
    seconds: float
    peak: float  # MiB


def write_log(path: Path, rows: int) -> None:
    """time, x, y: somebody who walks in a wide circle, seen at 100 Hz."""
    rng = np.random.default_rng(1)
    with path.open("w") as file:
        file.write("time,x,y\n")
        for first in range(0, rows, 100_000):
            k = np.arange(first, min(first + 100_000, rows))
            position = 50 * np.column_stack([np.cos(k / 5e3), np.sin(k / 5e3)]) + 0.8 * rng.standard_normal(
                (len(k), 2)
            )
            file.write(
                "".join(
                    [
                        f"{t / 100},{x:.3f},{y:.3f}\n"
                        for t, (x, y) in zip(k.tolist(), position.tolist(), strict=True)
                    ]
                )
            )


def usage(folder: Path, *arguments: str) -> Usage:
    """Run `foglight run` on log.csv: its exit code, seconds and peak memory, as the system reports them."""
    (folder / "model.toml").write_text(MODEL)
    command = [*COMMAND, "run", str(folder / "model.toml"), str(folder / "log.csv"), "-o", *arguments]
    begun = time.monotonic()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(os.waitstatus_to_exitcode(status), time.monotonic() - begun, used.ru_maxrss * unit / MIB)


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    peaks = []
    for rows in (140_000, 300_000):
        write_log(tmp_path / "log.csv", rows)
        found = usage(tmp_path, str(tmp_path / "out.csv"))
        assert found.code == 0
        peaks.append(found.peak)
        with (tmp_path / "out.csv").open("rb") as file:
            assert sum(1 for _ in file) == rows + 1
    assert peaks[1] < peaks[0] + 16.0, peaks


@pytest.mark.campaign
@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
def test_twenty_million_rows_in_half_a_gigabyte(
    tmp_path: Path, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = 20_000_000
    write_log(tmp_path / "log.csv", rows)
    found = usage(tmp_path, str(tmp_path / out))
    begun = time.monotonic()
    with (tmp_path / "log.csv").open(newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == rows + 1
    plain = time.monotonic() - begun
    with capsys.disabled():
        print(
            f"\n{out}: {rows:.0e} rows in {found.seconds:.0f} s ({rows / found.seconds:.3g} rows/s), peak "
            f"{found.peak:.0f} MiB; csv.reader alone reads it in {plain:.0f} s: {found.seconds / plain:.1f} times"
        )
    assert found.code == 0
    assert found.peak < 512.0
    (tmp_path / "log.csv").unlink()
    (tmp_path / out).unlink()
