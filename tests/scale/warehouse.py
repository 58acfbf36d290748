"""Series for the tests on clusters, and a model that kills the first worker that compiles it."""

import os
import signal
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import foglight as fog

# Holds the number of the process that must live.
FLAG = Path(tempfile.gettempdir()) / f"foglight-kill-one-worker-{os.getuid()}"


def armed() -> None:
    """From now on, the first other process that calls `fragile` is killed."""
    FLAG.write_text(str(os.getpid()))


def fragile(x: Any, p: Any) -> list[Any]:
    """What the sensor reads; a worker dies here once, while it compiles."""
    try:
        if FLAG.read_text() != str(os.getpid()):
            FLAG.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
    except FileNotFoundError:
        pass
    return [x.gap + 0.1 * np.sin(x.gap)]


def noise(x: Any, p: Any) -> list[list[Any]]:
    return [[p.std * p.std]]


def model() -> fog.Model:
    """Functions of a module, and ready-made parts."""
    motion = fog.motion.constant_velocity("gap", accel=0.4)
    sensor = fog.Sensor("radar", ("range",), fragile, noise, params={"std": 0.8})
    return fog.Model(motion, [sensor], fog.Belief([5.0, 0.0], std=[2.0, 1.0]))


def shuffled(series: int = 60, rows: int = 40, seed: int = 6) -> pa.Table:
    """Rows of several series in random order, with missing readings, and several rows at one time."""
    rng = np.random.default_rng(seed)
    z = 5.0 + rng.normal(size=rows * series)
    z[rng.random(len(z)) < 0.1] = np.nan
    table = pa.table({
        "series_id": np.repeat([f"pump {k}" for k in range(series)], rows),
        "time": np.tile(np.arange(rows) // 2 * 0.1, series),
        "radar": z,
    })  # fmt: skip
    return table.take(rng.permutation(len(z)))


def alone(table: pa.Table, name: str) -> fog.Run:
    """The run of one series, its rows of one time in the order of their readings."""
    own = table.filter(pa.compute.equal(table["series_id"], name))
    time, z = own["time"].to_numpy(), own["radar"].to_numpy()
    order = np.lexsort((z, time))
    return fog.run(model(), fog.Log.from_arrays(time[order], radar=z[order, None]))


def same(found: Any, table: pa.Table) -> None:
    """A dataframe of pandas with the results has the bits of each series alone."""
    assert len(found) == table.num_rows
    for name in table["series_id"].unique().to_pylist():
        own, run = found[found["series_id"] == name], alone(table, name)
        assert own["gap"].to_numpy().tobytes() == run.filtered.mean[:, 0].tobytes(), name
        assert own["gap_speed_std"].to_numpy().tobytes() == run.filtered.std[:, 1].tobytes(), name
