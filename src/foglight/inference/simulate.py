"""Simulate a model: a log that its sensors could have reported, and the truth behind it.

A simulation is a scan of flat steps, too: it reads the noise where a filter reads its measurements, carries the state,
and records the measurements.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.engine import make_engine
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.compiler.kept import kept
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.simulation import simulation_recipe
from foglight.core import timestamps
from foglight.core.checks import filled, is_whole
from foglight.core.dates import NUMBER
from foglight.core.entry_names import ordered
from foglight.core.errors import ModelError, NumericalError, Status
from foglight.core.types import Array, ArrayLike
from foglight.data.interventions import Stamped, columns_of
from foglight.data.log import Log
from foglight.data.on_time import delays_of, moved_earlier
from foglight.inference.elapsed import takes_time, with_time
from foglight.inference.gaussians import seen
from foglight.inference.prepare import row_values
from foglight.inference.random_numbers import normals, uniforms
from foglight.inference.row_errors import too_long
from foglight.model.at_start import start_mean
from foglight.model.model import Model, opaque_functions, parameter_values
from foglight.model.reading_scales import on_given_scale
from foglight.model.table import outside

STEPS, START = 0, 1  # streams of random numbers


def simulate(
    model: Model,
    steps: int,
    dt: float,
    seed: int,
    *,
    start: ArrayLike | None = None,
    u: ArrayLike | Mapping[str, ArrayLike] | None = None,
    missing: float = 0.0,
) -> tuple[Log, NDArray[np.float64]]:
    """Draw a log from a model, and the true states behind it.

    Row 0, at time 0, has the start state. Then x' = f(x, dt, p) + w with w ~ N(0, Q), and every sensor reports
    z = h(x, p) + v with v ~ N(0, R).

    Parameters
    ----------
    model : Model
        The motion, the sensors and the start; without fog.opaque functions.
    steps : int
        The number of rows, at least 1.
    dt : float
        Seconds between rows.
    seed : int
        Seed of the random numbers, from 0 to 2^64 - 1.
    start : array_like (n,), optional
        The true state in row 0. By default it is drawn from the model's start, N(mean, cov).
    u : array_like (steps, n_u) or dict, optional
        Controls of a motion that has some, or {name: values (steps,)}; row k acts from row k - 1 until row k.
    missing : float, default 0.0
        The probability from 0 to 1 that a sensor's report is missing in a row.

    Returns
    -------
    log : Log
        The readings, with NaN where a report is missing. Those of a sensor with a delay are later by it, in rows of
        their own or of others; the rows of the truth are then those of `fog.run(model, log).log`.
    truth : ndarray (steps, n)
        The true states.

    Raises
    ------
    ModelError
        If an argument does not fit, or the first state cannot be drawn because the start is unknown.
    TimeError
        If dt is not a positive number of seconds.
    NumericalError
        If a state or a reading is not finite, a noise is not a covariance, or dt is longer than the motion is
        integrated for.

    Notes
    -----
    The same seed gives the same log, to the byte, on every machine. A longer log begins with the shorter one.

    Examples
    --------
    >>> log, truth = fog.simulate(model, steps=500, dt=0.1, seed=1)
    >>> len(log), truth.shape
    (500, (500, 2))
    """
    if not is_whole(steps) or steps < 1:
        raise ModelError(f"steps = {steps!r}: expected a whole number >= 1.", field="steps", value=steps)
    _check_model(model)
    if not isinstance(missing, int | float | np.number) or not 0.0 <= missing <= 1.0:
        raise ModelError.expected("missing", missing, "a share from 0 to 1", "Write 0.05 for 5 %.")
    time_ns = timestamps.regular(steps, dt)
    engine = _engine(model)
    kernel = engine.kernel
    n, width = len(kernel.carry), kernel.widths["z"]
    draws = uniforms(seed, STEPS, (steps, 2 * width + len(model.sensors)))
    rows = Stamped(time_ns, np.arange(steps) == 0, NUMBER, None)
    events = columns_of(model.interventions, rows).values()
    controls = np.hstack([_controls(model, u, steps), *events])
    arrays = Arrays(
        dt=np.diff(time_ns, prepend=time_ns[:1]) / timestamps.NS,
        u=(with_time(controls, time_ns / timestamps.NS) if takes_time(model) else controls)[None],
        row=row_values(model, steps)[None],
        z=normals(draws[:, : 2 * width].reshape(steps, width, 2))[None],
        params=parameter_values(model),
        carry=np.array([*_start(model, start, seed), 0.0, 0.0])[None],
    )
    records = engine.run(arrays)[1][0]
    _refuse_bad_rows(model, kernel, arrays, records, time_ns)
    truth, z = _values(model, records[:, :n]), on_given_scale(model, records[:, n : kernel.sums])
    blocks = {}
    for (_, at), chance in zip(model.blocks, draws[:, 2 * width :].T, strict=True):
        for name, column in zip(model.components[at], z[:, at].T, strict=True):
            blocks[name] = np.where(chance < missing, np.nan, column)[:, None]
    log = Log(time_ns, blocks, u=controls if model.controls else None)
    late = {name: -delay for name, delay in delays_of(model).items()}
    return (replace(moved_earlier(model, log, late), moved={}) if late else log), truth


def _check_model(model: Any) -> None:
    if not isinstance(model, Model):
        raise ModelError.expected(
            "model", model, "a fog.Model", "Write fog.Model(motion, sensors, start=...)."
        )
    opaque = opaque_functions(model)
    if opaque:
        raise ModelError(
            f"{opaque[0]} is a fog.opaque function, which can be called but not traced: a simulation expects functions "
            "of NumPy operations. Rewrite it with NumPy operations in the model that is simulated.",
            field=opaque[0],
            value="fog.opaque",
        )


def _engine(model: Model) -> Engine:
    return kept(model, ("simulate",), lambda: make_engine(simulation_recipe(model)))


def _values(model: Model, carry: Array) -> Array:
    """The states as functions see them (T, N), from what is carried: coordinates and the anchors of rotations."""
    n = len(model.state)
    return seen(model.charts, carry[:, :n], carry[:, n:]) if model.charts.parts else carry.copy()


def _start(model: Model, start: ArrayLike | None, seed: int) -> Array:
    """The first state as it is carried."""
    charts, n, names = model.charts, len(model.state), model.ambient
    if start is not None:
        x = filled(_numbers(ordered(start, names, "start", ModelError)), (len(names),))
        if x.shape != (len(names),) or not np.isfinite(x).all():
            raise ModelError.expected(
                "start",
                start,
                f"{len(names)} finite numbers, {', '.join(names)}",
                "Write the true first state.",
            )
        return np.array([*charts.coordinates(list(x)), *charts.anchors(list(x))])
    if model.start is None:
        raise ModelError(
            "the model has start=None, so there is nothing to draw the first state from. Give simulate(…, start=[…]).",
            field="start",
        )
    for i in np.flatnonzero(model.start.unknown.any(axis=1)):
        raise ModelError(
            f"nothing is known of {model.state[i]} at the start, so there is nothing to draw it from. Give "
            "simulate(…, start=[…]).",
            field="start",
            index=int(i),
            value=model.state[i],
        )
    U, D = model.start.factor
    x = start_mean(model)
    for column, deviation, number in zip(
        U.T, np.sqrt(D), normals(uniforms(seed, START, (n, 2))), strict=True
    ):
        x = x + column * (deviation * number)
    return np.array([*x, *charts.anchors(list(model.start.mean))])


def _controls(model: Model, u: ArrayLike | Mapping[str, ArrayLike] | None, steps: int) -> Array:
    width = len(model.given_controls)
    if u is None:
        if width:
            raise ModelError(
                f"the model has controls ({', '.join(model.given_controls)}): "
                f"expected u of shape ({steps}, {width}). Give simulate(…, u=…), zeros if nothing acts.",
                field="u",
            )
        return np.zeros((steps, 0))
    controls = _numbers(ordered(u, model.given_controls, "u", ModelError, alone=True))
    if controls.shape == (steps,) and width == 1:
        controls = controls[:, None]
    if controls.shape != (steps, width) or not np.isfinite(controls).all():
        raise ModelError(
            f"u has shape {controls.shape}: expected finite numbers of shape ({steps}, {width}). "
            f"Give one row per step, one column per control.",
            field="u",
            value=controls.shape,
        )
    return controls


def _numbers(values: Any) -> Array:
    """A copy as floats; NaN, which the caller rejects, if these are not numbers."""
    try:
        array = np.array(values)
    except ValueError:  # ragged
        return np.full((), np.nan)
    return array.astype(np.float64) if array.dtype.kind in "fiu" else np.full((), np.nan)


def _refuse_bad_rows(
    model: Model, kernel: Kernel, arrays: Arrays, records: Array, time_ns: NDArray[np.int64]
) -> None:
    values = records[:, : kernel.sums]
    bad = ~np.isfinite(values).all(axis=1)
    bad |= (records[:, kernel.status].astype(np.int64) & int(Status.INDEFINITE)) != 0
    if bad.any():
        k = int(np.argmax(bad))
        where = f"row {k} (t = {timestamps.seconds_text(int(time_ns[k]))} s)"
        long = too_long(model.motion, arrays.dt[k], where, k)
        if long is not None:
            raise long
        labels = [*kernel.carry, *model.components]
        column = next((i for i, value in enumerate(values[k]) if not np.isfinite(value)), 0)
        raise NumericalError(
            f"{labels[column]} = {values[k, column]} at {where}: "
            f"expected finite numbers and a noise that is a covariance. "
            + (
                _left_table(model, arrays, records, k)
                or "Check the dynamics near the state before, and the noise functions."
            ),
            field=labels[column],
            index=k,
            value=float(values[k, column]),
        )


def _left_table(model: Model, arrays: Arrays, records: Array, k: int) -> str:
    """What a table says that row k calls beyond its points; "" if it calls none so."""
    n = len(model.state) + model.charts.size
    carry = arrays.carry if k == 0 else np.array([[*records[k - 1, :n], 0.0, 0.0]])
    with np.errstate(all="ignore"), outside() as beyond:
        ReferenceEngine(simulation_recipe(model), "").run(replace(arrays.rows_of(k, k + 1), carry=carry))
    return beyond[0] if beyond else ""
