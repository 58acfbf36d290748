"""The input of a scan from a model and a log: steps, readings, controls, matrices by rows, and the initial carry."""

from typing import Any

import numpy as np

from foglight.compiler import adaptation, recovery
from foglight.compiler.delayed_start import is_delayed
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.inputs import indices
from foglight.core.errors import ModelError
from foglight.core.resolution import NS
from foglight.core.row_names import Rows
from foglight.core.types import Array
from foglight.data.given_log import as_log
from foglight.data.log import Log
from foglight.data.log_measurements import readings_of
from foglight.data.on_time import on_time
from foglight.data.readers.position import kind_of
from foglight.equations import delayed, diffuse
from foglight.equations.gaussian import Belief as Factors
from foglight.equations.gaussian import FullBelief
from foglight.inference.elapsed import elapsed, takes_time, with_time
from foglight.inference.row_marks import ScanState
from foglight.inference.time_steps import TimeSteps, time_steps
from foglight.methods.layout import carried, wrapped
from foglight.methods.method import Method
from foglight.model.at_start import start_mean
from foglight.model.belief import Belief, inside
from foglight.model.model import Model, parameter_values, unknown_directions
from foglight.model.reading_scales import on_model_scale


def checked_log(model: Any, log: Any) -> Log:
    """The log, with late readings at the time of their measurement; of a table with dates, the log that it is.
    ModelError unless these are a model and a log."""
    if isinstance(model, Model):
        log = as_log(log)
        if isinstance(log, Log):
            return on_time(model, log)
    raise ModelError(
        f"run({type(model).__name__}, {type(log).__name__}): expected a fog.Model and a fog.Log. Write "
        "fog.run(model, fog.Log.regular(z, dt=0.1)).",
        field="log" if isinstance(model, Model) else "model",
    )


def prepare(
    model: Model,
    log: Log,
    method: Method,
    start_time: Any,
    after: ScanState | None = None,
    steps: TimeSteps | None = None,
) -> Arrays:
    """The input of the scan for this model and log.

    Each track begins at the model's start, except a first track that continues from the rows before, `after`.
    steps: the time steps of the rows, if the caller has them.
    """
    steps = time_steps(log, start_time) if steps is None else steps
    dt = np.subtract(log.time_ns, steps.before, out=np.empty(len(log.time_ns)))  # as whole numbers
    dt /= NS
    first = None if log.track is None else np.flatnonzero(log.starts())
    carry = np.tile([*start_carry(model, method), 0.0, 0.0], (1 if first is None else len(first), 1))
    goes_on = after is not None and after.carry is not None
    if after is not None and goes_on:
        carry[0] = after.carry
    z = readings_of(steps.received(log), model, None if after is None else after.reports)
    before = 0 if after is None else after.rows
    same = after is not None and goes_on and len(dt) > 0 and dt[0] == 0.0  # the stamp of the row before
    last = after.controls if after is not None and goes_on else None
    u = log.controls(model, goes_on=goes_on, rows_before=before, before=last, same_stamp=same)
    if takes_time(model):
        u = with_time(u, elapsed(log.time_ns, steps.began[np.cumsum(log.starts()) - 1]))
    rows = Rows(log.time_ns, log.track, log.track_names, before, kind_of(log.origin))
    return Arrays(
        dt=dt,
        u=_tracks(u),
        row=row_values(model, len(dt), None if after is None else after.rows)[None],
        z=_tracks(on_model_scale(model, z, rows)),
        params=parameter_values(model),
        carry=carry,
        first=first,
        rows=rows,
    )


def start_carry(model: Model, method: Method) -> list[Any]:
    """The model's start as the numbers that are carried, its angles wrapped.

    If a direction of it is unknown, these are the numbers that the first phase of the two-phase engine carries.
    """
    angles = indices(model.motion.angles, model.state)
    start: Any
    if unknown_directions(model):
        start = start_belief(model, method)
    else:
        assert model.start is not None
        mean = start_mean(model)
        start = Factors(mean, *model.start.factor) if method.factored else FullBelief(mean, model.start.cov)
    belief = start._replace(x=wrapped(start.x, angles))
    if is_delayed(model, method):
        belief = delayed.delayed(belief)
    return [*carried(belief), *beside_belief(model, method, belief.x)]


def beside_belief(model: Model, method: Method, x: Any) -> list[Any]:
    """What is carried at the start after the belief. x: its mean."""
    anchors = [] if model.start is None else model.charts.anchors(model.start.mean)
    own = (*recovery.start_values(model, method), *adaptation.start_values(model, method))
    return [*anchors, *list(x) * method.joint, *own]


def row_values(model: Model, rows: int, before: int | None = None) -> Array:
    """The matrices that a linear model gives row by row, flat (rows, width).

    before: where the log is in parts, the number of rows before this part.
    """
    if before is None or before + rows > min(map(len, model.rows.values()), default=before + rows):
        one_a_row(model, rows + (before or 0))
    if not model.rows:
        return np.zeros((rows, 0))
    at = slice(before or 0, (before or 0) + rows)
    flat = [np.asarray(array[at], dtype=float).reshape(rows, -1) for array in model.rows.values()]
    return np.hstack(flat)


def one_a_row(model: Model, rows: int) -> None:
    """ModelError unless every matrix that changes row by row has one entry per row."""
    for name, array in model.rows.items():
        if len(array) != rows:
            raise ModelError(
                f"{name} has {len(array)} entries, but the log has {rows} rows. Expected one entry per row; entry k "
                "leads to row k.",
                field=name, value=len(array),
            )  # fmt: skip


def _tracks(array: Array) -> Array:
    array = np.asarray(array, dtype=np.float64)
    return array[None] if array.ndim == 2 else array


def start_belief(model: Model, method: Method) -> diffuse.Belief:
    """A start with unknown directions. ModelError for forms that carry the covariance itself."""
    if not method.factored:
        raise ModelError(
            f"{method!r} cannot start from an unknown state: a full covariance cannot represent it. Expected the "
            "default form. Leave form= out, or give a start with a finite std.",
            field="form",
            value=getattr(method, "form", None),
        )
    n = len(model.state)
    found: diffuse.Belief = inside(
        Belief(np.zeros(n), std=np.full(n, np.inf)) if model.start is None else model.start
    )
    return found._replace(x=start_mean(model))
