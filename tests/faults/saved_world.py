"""A model and filters for the tests of saved files; and, run as a program, a filter that is killed while it saves.

`python saved_world.py FOLDER KILLS SEED` forks a child that steps and saves without end. After each save the child
writes the number of rows to a pipe. It is killed at a random moment, every second one not before its first save, however
slow the machine is. The filter is restored, and the next child continues from there. Failures are printed, one a line,
and at the end the number of kills and saves.
"""

import os
import random
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import foglight as fog


def model(accel: float = 0.4) -> fog.Model:
    """A gap and its speed, seen by a radar and a lidar. The files in states/ were saved for this model: keep it."""
    motion = fog.Motion(
        ("gap", "speed"),
        lambda x, dt, p: [x.gap + dt * x.speed, x.speed],
        lambda x, dt, p: [[0.01 * dt, 0.0], [0.0, p.accel**2 * dt]],
        params={"accel": accel},
    )
    radar = fog.Sensor(
        "radar", ("range", "rate"), lambda x, p: [x.gap, x.speed], lambda x, p: [[0.5, 0.1], [0.1, 0.4]]
    )
    lidar = fog.Sensor("lidar", ("range",), lambda x, p: [np.sqrt(x.gap**2 + 1.0)], lambda x, p: [[0.02]])
    return fog.Model(motion, [radar, lidar], fog.Belief([5.0, 1.0], cov=[[1.0, 0.2], [0.2, 0.5]]))


MODEL = model()
METHOD = fog.EKF(gate=0.99, recover=0.5)


def started(method: Any = None, **options: Any) -> Any:
    """A live filter with every option that a saved file has to keep."""
    given: dict[str, Any] = {"history": 1.0, "repeats": "skip", "gap": 0.3, "max_gap": 5.0} | options
    return fog.online(MODEL, METHOD if method is None else method, **given)


def step(live: Any, k: int) -> Any:
    """Row k of an endless sequence: two sensors, with missing, repeated and late readings and outliers."""
    draw = np.random.default_rng(k)
    t = 0.1 * k - (0.55 if k % 7 == 3 else 0.0) + (0.4 if k % 50 > 40 else 0.0)
    z = draw.normal(size=2) + 4.0 + (30.0 if k % 11 == 5 else 0.0)
    if k % 6 == 1:
        z[:] = 4.5
    if k % 5 == 2:
        z[1] = np.nan
    return live.step(t, "radar", z) if k % 3 else live.step(t, "lidar", z[:1])


def follow(first: int, last: int, live: Any = None) -> Any:
    """The filter after rows first … last - 1."""
    live = started() if live is None else live
    for k in range(first, last):
        step(live, k)
    return live


def bits(live: Any) -> Any:
    """The complete state of a filter, for comparison."""
    state = live._saved_state()._asdict()
    history, last = state.pop("history"), state.pop("last")
    arrays = [state.pop(name).tobytes() for name in ("carry", "record", "reports")]
    options = {**live.options, "start_time": live.origin}  # in nanoseconds, whatever unit it was given in
    rows: list[Any] = []
    if history is not None:
        table, used = history.table, slice(history.first, history.last)
        rows = [
            table.stamps[used].tolist(),
            table.late[used].tolist(),
            table.status[used].tolist(),
            history.before,
        ]
        rows += [block[used].tobytes() for block in (table.z, table.u, table.carries)]
    return (
        arrays,
        rows,
        {**state, "counts": {k: n for k, n in state["counts"].items() if n}},
        last,
        options,
    )


def saving(path: Path, pipe: int) -> None:
    """Step, save and report the number of rows, until killed."""
    live = fog.restore(path, MODEL)
    while True:
        for _ in range(3):
            step(live, live.rows)
        live.save(path)
        os.write(pipe, live.rows.to_bytes(8, "little"))


def main(folder: Path, kills: int, seed: int) -> None:
    warnings.simplefilter("error")
    draw, path, saves = random.Random(seed), folder / "filter.live", 0
    started().save(path)
    truth, acknowledged = started(), 0
    for kill in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            saving(path, writing)
        received = os.read(reading, 1 << 16) if kill % 2 else b""
        time.sleep(draw.uniform(0.005, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(writing)
        while part := os.read(reading, 1 << 16):
            received += part
        os.close(reading)
        saves += len(received) // 8
        if received:
            acknowledged = int.from_bytes(received[-8:], "little")
        live = fog.restore(path, MODEL)
        if live.rows < acknowledged:
            print(f"lost: row {live.rows} was restored, but row {acknowledged} was acknowledged")
        truth = follow(truth.rows, live.rows, truth)
        if bits(live) != bits(truth):
            print(f"changed: row {live.rows}")
    print(f"{kills} kills, {saves} saves")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
