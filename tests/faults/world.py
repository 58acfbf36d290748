"""What the inputs of the table of faults are written in: a sound model of each kind, and ways to spoil it."""

import io
import math
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import foglight as fog
from agreement.generated_c import Compiled
from foglight.compiler.kernels.filter import make_kernel
from foglight.data.description import description
from foglight.inference.prepare import prepare

F = np.array([[1.0, 0.1], [0.0, 0.9]])
Q = np.array([[0.2, 0.05], [0.05, 0.1]])
H = np.array([[1.0, 0.3], [0.2, -1.0]])
R = np.array([[0.5, 0.1], [0.1, 0.4]])
START = fog.Belief([0.0, 1.0], cov=np.array([[2.0, 0.3], [0.3, 1.0]]))
Z = np.array([[1.0, 2.0], [1.5, 1.0], [2.0, 0.5]])
TIMES = np.array([0.0, 0.1, 0.3])
GAP_START = fog.Belief([5.0, 1.0], cov=np.array([[1.0, 0.2], [0.2, 0.5]]))


def changed(array: Any, index: Any, value: Any) -> Any:
    """A copy with one entry replaced."""
    copy = np.array(array, float)
    copy[index] = value
    return copy


def linear(**parts: Any) -> fog.Model:
    """`fog.linear_model(F, Q, H, R, start=start)` of two states and two measures, with some parts replaced."""
    given: dict[str, Any] = {"F": F, "Q": Q, "H": H, "R": R, "start": START} | parts
    return fog.linear_model(**given)


def motion(**parts: Any) -> fog.Motion:
    """A `fog.Motion` of gap and speed, with some parts replaced."""
    given: dict[str, Any] = {
        "state": ("gap", "speed"),
        "dynamics": lambda x, dt, p: [x.gap + dt * x.speed, x.speed],
        "noise": lambda x, dt, p: Q,
    }
    return fog.Motion(**given | parts)


def sensor(**parts: Any) -> fog.Sensor:
    """A `fog.Sensor` "radar" of one measure, range, with some parts replaced."""
    given: dict[str, Any] = {
        "name": "radar",
        "measures": ("range",),
        "measure": lambda x, p: [x.gap],
        "noise": lambda x, p: [[0.5]],
    }
    return fog.Sensor(**given | parts)


def model(*, start: Any = GAP_START, **parts: Any) -> fog.Model:
    """A `fog.Model` of `motion` and `sensor`; dynamics, process, measure, noise and params replace theirs."""
    names = {"dynamics": "dynamics", "process": "noise", "state": "state"}
    moving = {names[key]: value for key, value in parts.items() if key in names}
    seeing = {key: value for key, value in parts.items() if key not in names}
    return fog.Model(motion(**moving), [sensor(**seeing)], start)


def two_sensors() -> fog.Model:
    """Radar with a range, and a lidar that sees left and right."""
    lidar = fog.Sensor("lidar", ("left", "right"), lambda x, p: [x.gap, x.gap + x.speed], lambda x, p: R)
    return fog.Model(motion(), [sensor(), lidar], GAP_START)


def log(z: Any = Z, **sensors: Any) -> fog.Log:
    """A log of three rows: of the one sensor of a linear model, or of the sensors named."""
    return fog.Log.from_arrays(TIMES, **sensors) if sensors else fog.Log.regular(z, dt=1.0)


def ranges(*values: float) -> fog.Log:
    """A log of `model`, a reading a second."""
    return fog.Log.from_arrays(np.arange(len(values), dtype=float), radar=np.array(values))


def dated(*dates: str, **options: Any) -> fog.Log:
    """The log of a pandas Series 0, 1, 2, … with these dates as its index, which is called `when`."""
    index = pd.DatetimeIndex(dates, name="when")
    return fog.Log.series(pd.Series(np.arange(float(len(dates))), index), **options)


def months(count: int = 3) -> pd.Series:
    """A pandas Series of so many months, from January 1968 on."""
    return pd.Series(np.arange(float(count)), pd.date_range("1968-01-01", periods=count, freq="MS"))


def priced() -> fog.Run:
    """A run of three months of sales, whose sensor reads the price, a column of the data."""
    shop = fog.Sensor(
        "shop", ("sales",), lambda x, u: [x.level + u.price], lambda: [[1.0]], controls=("price",)
    )
    model = fog.Model(fog.motion.random_walk("level", std=1.0), [shop], None)
    return fog.run(model, months().to_frame("sales").assign(price=[1.0, 1.0, 2.0]))


def read(text: str | bytes, name: str = "log.csv", **options: Any) -> fog.Log:
    """The log of a file with this text."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return fog.Log.read(name, **options)


def parquet(**columns: Any) -> bytes:
    """The bytes of a Parquet file of these columns."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def lines(*rows: str, header: str = "time,range") -> str:
    """The text of a CSV file."""
    return "\n".join([header, *rows, ""])


def hints(log: fog.Log) -> list[str]:
    """What `log.describe()` ends with."""
    return [
        line.removeprefix("hint: ") for line in description(log).splitlines() if line.startswith("hint: ")
    ]


def late(calls: int, then: Callable[[Any], Any]) -> Callable[..., Any]:
    """A measure function that works for so many calls, and then returns what `then` makes of the state."""
    left = [calls]

    def measure(x: Any, p: Any) -> Any:
        left[0] -= 1
        return [x.gap] if left[0] >= 0 else then(x)

    return measure


def failing(reason: BaseException) -> Callable[[Any], Any]:
    """A function that raises this."""

    def fail(x: Any) -> Any:
        raise reason

    return fail


def asymmetric(by: float) -> Any:
    """A covariance of three whose triangles differ by so much."""
    return np.array([[4.0, 1.0 + by, 0.5], [1.0, 9.0, 0.3], [0.5, 0.3, 1.0]])


def bearings() -> fog.Model:
    """One state, an angle; a compass."""
    turning = fog.Motion(
        ("course",), lambda x, dt, p: [x.course], lambda x, dt, p: [[0.01]], angles=("course",)
    )
    compass = fog.Sensor(
        "compass", ("course",), lambda x, p: [x.course], lambda x, p: [[0.02]], angles=("course",)
    )
    return fog.Model(turning, [compass], fog.Belief([3.1], std=[0.1]))


def started(model: fog.Model, method: Any = None) -> Any:
    """A live filter that starts at 0 s and refuses what it cannot use."""
    return fog.online(model, method, on_bad="raise", start_time=0.0)


def fed(live: Any, *rows: Any, dt: Any = 1.0) -> Any:
    """The live filter after these rows of all sensors, dt apart; one that refuses a row must be what it was before it,
    to the bit."""
    for z in rows:
        before = snapshot(live)
        try:
            live.step(live.time + dt, None, z)
        except BaseException:
            assert snapshot(live) == before, "a refused step left a trace"
            raise
    return live


def taken(live: Any, *rows: tuple[Any, ...]) -> Any:
    """The live filter after these calls of step."""
    for row in rows:
        live.step(*row)
    return live


def flagged(model: fog.Model, log: fog.Log, method: Any = None) -> list[str]:
    """The status of each row under on_bad="flag"; a row that leaves out its sensor is as if it had been silent."""
    method = method or fog.EKF()
    run = fog.run(model, log, method=method, on_bad="flag")
    return [status_text(status) for status in run.status]


def in_c(model: fog.Model, log: fog.Log, method: Any = None) -> list[str]:
    """The status of each row in exported C, whose every number must be the flagged run's, to the bit."""
    method = method or fog.EKF()
    arrays = prepare(model, log, method, None)
    with tempfile.TemporaryDirectory() as folder:
        kernel = make_kernel(model, method)
        carry, records = Compiled(kernel, Path(folder), ("-O1",)).run(arrays)
    run = fog.run(model, log, method=method, on_bad="flag")
    assert records.tobytes() == run._kept.tobytes() and carry.tobytes() == run._carry.tobytes()
    return [status_text(status) for status in records[0, :, kernel.status].astype(int)]


def status_text(status: int) -> str:
    """`USED|PARTIAL`, as the command line writes it."""
    return "|".join(str(flag.name) for flag in fog.Status(int(status)))


def same(first: Any, second: Any) -> bool:
    """Whether two runs, beliefs or arrays are equal to the bit."""
    return bool(snapshot(first) == snapshot(second))


def snapshot(thing: Any) -> Any:
    """All that a caller could see of a thing, in bits."""
    if isinstance(thing, np.ndarray):
        return thing.tobytes(), thing.shape, thing.flags.writeable
    if isinstance(thing, fog.Belief):
        return [snapshot(array) for array in (thing.mean, *thing.factor, thing.cov)], thing.names
    if isinstance(thing, fog.Log):
        return snapshot(thing.time_ns), {name: snapshot(block) for name, block in thing.blocks.items()}
    if isinstance(thing, fog.Model):
        arrays = {**thing.matrices, **thing.rows}
        return (
            {name: snapshot(array) for name, array in arrays.items()},
            snapshot(thing.start),
            thing.parameters,
        )
    if isinstance(thing, fog.Run):
        return [
            snapshot(array) for array in (thing.filtered.mean, thing.filtered.cov, thing.nis, thing.status)
        ]
    if hasattr(thing, "step"):
        info = thing.info
        said = (
            None
            if info is None
            else (snapshot(info.innovation), info.nis, info.loglik, info.status, info.time_ns)
        )
        return snapshot(thing.belief), repr((said, thing.time, thing.loglik, thing.rows, thing.counts))
    return None


@cache
def sound() -> fog.Model:
    """One sound linear model, compiled once."""
    return linear()


def accused(std: float = 0.5, seen: Callable[[Any], Any] = lambda z: z, rows: int = 1500) -> str:
    """The codes of a check of a level with two gauges of noise 0.5, whose readings z (rows, 2) are `seen` so."""

    def gauges(each: float) -> fog.Model:
        sensors = [fog.sensing.linear(name, of="level", std=each) for name in ("gauge", "buoy")]
        return fog.Model(fog.motion.random_walk("level", std=0.2), sensors, fog.Belief([40.0], std=[1.0]))

    true, _ = fog.simulate(gauges(0.5), steps=rows, dt=0.3, seed=4)
    z = seen(true.bind(gauges(0.5)))
    checked = fog.Log.from_arrays(true.time_ns / 1e9, gauge=z[:, 0], buoy=z[:, 1])
    return " ".join(fog.check(fog.run(gauges(std), checked)).codes)


def guarded(x: Any, p: Any) -> Any:
    """The usual guard of a domain, which also catches what the tracer refuses."""
    try:
        return [math.sqrt(x.gap)]
    except ValueError:
        return [0.0]


def pushed() -> fog.Model:
    """The `model`, pushed by a control."""
    pushes = motion(
        controls=("push",),
        dynamics=lambda x, dt, p, u: [x.gap, x.speed + dt * u.push],
        noise=lambda x, dt, p, u: Q,
    )
    return fog.Model(pushes, [sensor()], GAP_START)


def rows(
    names: str = "aabb", time: Any = (0.0, 0.1, 0.0, 0.1), radar: Any = (5.0, 5.1, 4.0, 4.1), **columns: Any
) -> Any:
    """A record batch of series, each named by a letter; "-" for a row that names none."""
    series = pa.array([None if name == "-" else name for name in names], pa.string())
    columns = {"series_id": series, "time": pa.array(time), "radar": radar} | columns
    return pa.record_batch({name: pa.array(values) for name, values in columns.items() if values is not None})


def streamed(*batches: Any, **options: Any) -> list[str]:
    """The status of each row that `fog.batches` gives for these record batches, or its error."""
    return list(fog.batches(model(), batches, **options).read_all()["status"].to_pylist())


@contextmanager
def namespace() -> Iterator[dict[str, Any]]:
    """The names that inputs are written in. Nothing in it may have changed when it is left."""
    live = fog.online(sound(), fog.KF(), on_bad="raise")
    live.step(0.0, None, Z[0])
    names: dict[str, Any] = {
        "F": F.copy(), "Q": Q.copy(), "H": H.copy(), "R": R.copy(), "Z": Z.copy(), "z": Z[0].copy(),
        "start": START, "belief": START, "live": live, "sound": sound(),
        "nan": math.nan, "inf": math.inf, "np": np, "pd": pd, "pl": pl, "fog": fog, "math": math,
        "Decimal": Decimal, "Fraction": Fraction,
    }  # fmt: skip
    tools = (
        linear, motion, sensor, model, two_sensors, log, ranges, late, failing, changed, asymmetric, bearings, fed,
        started, taken, flagged, in_c, same, read, parquet, lines, hints, accused, guarded,
        pushed, dated, months, priced, rows, streamed,
    )  # fmt: skip
    before = {name: snapshot(thing) for name, thing in names.items()}
    yield names | {tool.__name__: tool for tool in tools}
    for name, bits in before.items():
        assert snapshot(names[name]) == bits, f"{name} has changed"
