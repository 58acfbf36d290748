"""The true states behind a log, in the forms that users have them, and the errors of a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_number
from foglight.core.errors import DataError
from foglight.core.types import Floats
from foglight.data.dated_rows import has_dates, rows_on
from foglight.data.log import Log
from foglight.diagnostics.matched_rows import matched_rows
from foglight.equations.angles import wrap
from foglight.inference.gaussians import Gaussians
from foglight.model.model import Model


class Errors(NamedTuple):
    """Estimation errors, one row per log row, with the axes of `run.filtered.mean`.

    error (T, n): estimate - truth, angles in [-π, π); NaN where the truth is unknown, or the filter knows nothing of
    the state yet.  nees (T,): eᵀ P⁻¹ e over the states whose error is known, NaN if there are none.  known (T,): the
    number of these states, which is the degrees of freedom.  log_density (T,): log N(truth; mean, cov) of these states,
    the score by which beliefs are compared; NaN if there are none.
    """

    error: Floats
    nees: Floats
    known: NDArray[np.int64]
    log_density: Floats


def truth_of(truth: Any, model: Model, log: Log, within: float = 0.0) -> Floats:
    """The true states (T, n), or (tracks, T, n), NaN where unknown; entry k belongs to the log's row k.

    truth: an array of that shape; or {state: column}, a dataframe or a `Log` with a column for each state that is
    known. With a column `time` (seconds or dates; a Log has stamps), each row of the log has the truth that is nearest
    in time, at most `within` seconds away, and of the same `track` where both have tracks. Without it, row k of the
    truth is row k of the log.
    Raises DataError for a wrong shape, a column that is not a state, or too few rows in common.
    """
    if not is_number(within) or not 0.0 <= within < np.inf:
        raise DataError.expected("within", within, "a number of seconds >= 0", "Write within=0.01.")
    found = _read(truth, model, log, within)
    if np.isnan(found).all():
        raise DataError(
            f"truth has no known entry: expected values of at least one of {', '.join(model.ambient)}. Leave truth "
            "out.",
            field="truth",
            value=0,
        )
    return found


def rows_with(truth: Floats) -> int:
    """How many rows of a log have truth of any state; of truths as `truth_of` returns them."""
    return int((~np.isnan(truth)).any(axis=-1).sum())


def _read(truth: Any, model: Model, log: Log, within: float) -> Floats:
    shape = (*((log.tracks,) if log.tracks else ()), len(log), len(model.ambient))
    if isinstance(truth, Log):
        return _matched(truth, model, log, shape, within)
    if isinstance(truth, (str, Path)):
        raise DataError.expected(
            "truth",
            str(truth),
            "an array, columns or a fog.Log, not the name of a file",
            f"Write truth=fog.Log.read({str(truth)!r}).",
        )
    if not isinstance(truth, Mapping | np.ndarray | list | tuple):
        truth = _of_frame(truth, log)
        if isinstance(truth, Log):
            return _matched(truth, model, log, shape, within)
    columns = truth if isinstance(truth, Mapping) else None
    if within and (columns is None or "time" not in columns):
        raise DataError(
            f"within = {within!r}: the truth has no times to match, and row k of it is row k of the log. Expected "
            "none. Leave within out, or give the truth a column `time`.",
            field="within",
            value=within,
        )
    if columns is None:
        array = _numbers(truth, "truth")
        if array.shape != shape:
            raise DataError(
                f"truth has shape {array.shape}: expected {shape}, one row per log row and one column per state. Put "
                "NaN where it is unknown, or name the known states: {'" + model.ambient[0] + "': [...]}.",
                field="truth",
                value=array.shape,
            )
        return array
    if "time" in columns:
        on_calendar = _on_calendar(columns, log)
        return _matched(on_calendar or _as_log(columns), model, log, shape, within)
    found = np.full((shape[-1], int(np.prod(shape[:-1]))), np.nan)
    for name, values in columns.items():
        found[_state(name, model)] = _column(values, name, found.shape[1])
    return np.ascontiguousarray(found.T).reshape(shape)


def errors_from(beliefs: Gaussians, model: Model, truth: Floats) -> Errors:
    """The errors of filtered or smoothed beliefs against true states of the same shape.

    The NEES (Bar-Shalom, Li & Kirubarajan 2001, eq. 5.4.2-3) is that of the marginal belief of the known states,
    computed from its factor.
    """
    error = beliefs._errors(truth)
    for name in model.motion.angles:
        i = model.state.index(name)
        error[..., i] = wrap(error[..., i])
    error[np.isinf(beliefs.std)] = np.nan  # the filter knows nothing of these yet
    n = error.shape[-1]
    U, D = beliefs.factor
    flat, U, D = error.reshape(-1, n), U.reshape(-1, n, n), D.reshape(-1, n)
    known = ~np.isnan(flat)
    nees, density = np.full((2, len(flat)), np.nan)
    for pattern in np.unique(known, axis=0):
        if pattern.any():
            rows = (known == pattern).all(axis=1)
            nees[rows], density[rows] = _distance(flat[rows][:, pattern], U[rows][:, pattern], D[rows])
    lead = error.shape[:-1]
    return Errors(error, nees.reshape(lead), known.sum(axis=1).reshape(lead), density.reshape(lead))


def _distance(e: Floats, W: Floats, D: Floats) -> tuple[Floats, Floats]:
    """eᵀ P⁻¹ e and log N(e; 0, P) of each row, P = W diag(D) Wᵀ: e (T, k), W (T, k, n), D (T, n), by Gram–Schmidt.

    A direction of zero variance adds nothing to the NEES if its error is 0, and infinity otherwise.
    """
    e, W = e.copy(), W.copy()
    nees, logdet = np.zeros((2, len(e)))
    for j in reversed(range(e.shape[1])):
        v = W[:, j] * D
        d = np.sum(v * W[:, j], axis=1)
        sound = d > 0.0
        inverse = np.divide(1.0, d, out=np.zeros_like(d), where=sound)
        nees += np.where(sound, e[:, j] ** 2 * inverse, np.where(e[:, j] == 0.0, 0.0, np.inf))
        logdet += np.log(2.0 * np.pi * d, out=np.zeros_like(d), where=sound)
        u = np.einsum("tik,tk->ti", W[:, :j], v) * inverse[:, None]
        W[:, :j] -= u[:, :, None] * W[:, None, j]
        e[:, :j] -= u * e[:, j, None]
    return nees, -0.5 * (nees + logdet)


def _of_frame(truth: Any, log: Log) -> Log | Mapping[str, Any]:
    """A dataframe as a log if it has times, in a column or in its index; else its columns."""
    from foglight.data.readers.frames import TIME, eager, with_index

    on_calendar = _on_calendar(truth, log) if has_dates(truth) else None
    if on_calendar is not None:
        return on_calendar
    whole = with_index(truth, (TIME, "track"))
    frame, _ = eager(whole)
    if TIME in frame.columns:
        return Log.from_frame(whole, track="track" if "track" in frame.columns else None)
    return {name: frame[name].to_numpy() for name in frame.columns}


def _on_calendar(truth: Any, log: Log) -> Log | None:
    """A table with dates on the calendar of the log; None if that has none."""
    if log.calendar is None:
        return None
    return Log(**rows_on(log.calendar, truth, "truth", None if log.track is None else "track")._asdict())


def _as_log(columns: Mapping[str, Any]) -> Log:
    rest = {name: values for name, values in columns.items() if name not in ("time", "track")}
    return Log.from_arrays(columns["time"], track=columns.get("track"), **rest)


def _matched(truth: Log, model: Model, log: Log, shape: tuple[int, ...], within: float) -> Floats:
    """The truth at the log's stamps, track by track where both have tracks."""
    at = matched_rows(truth, log, within)
    found = np.full((len(at), shape[-1]), np.nan)
    for name, values in truth.columns().items():
        if name not in ("time", "track"):
            found[:, _state(name, model)] = np.where(at >= 0, values[at], np.nan)
    return found.reshape(shape)


def _state(name: str, model: Model) -> int:
    if name not in model.ambient:
        raise DataError(
            f"truth: column {name!r} is not a state of the model: expected some of {', '.join(model.ambient)}. Rename "
            "it, or leave it out.",
            field="truth",
            index=name,
            value=name,
        )
    return model.ambient.index(name)


def _column(values: Any, name: str, rows: int) -> Floats:
    array = _numbers(values, f"truth[{name!r}]")
    if array.size != rows:
        raise DataError(
            f"truth[{name!r}] has {array.size} values: expected {rows}, one per log row. Add a column `time` if the "
            "truth has other rows.",
            field="truth",
            index=name,
            value=array.size,
        )
    return array.ravel()


def _numbers(values: Any, field: str) -> Floats:
    from foglight.data.numbers import readings

    array = readings(values, field)
    bad = np.argwhere(np.isinf(array))
    if len(bad):
        index = tuple(int(i) for i in bad[0])
        raise DataError(
            f"{field}{list(index)} = {array[index]}: expected a finite number. Put NaN where it is unknown.",
            field="truth",
            index=index,
            value=float(array[index]),
        )
    return array
