"""`fog.online` and `fog.restore`: the two ways to make a live filter."""

import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from foglight.compiler.fingerprint import fingerprint
from foglight.core.atomic_file import beside, target_of
from foglight.core.errors import ModelError, NumericalError, StateError
from foglight.core.types import Time
from foglight.live.filter import Live
from foglight.live.older_files import updated
from foglight.live.saved_file import PREVIOUS, DamagedError, read
from foglight.live.saved_state import method_in, options_in, state_in
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.model import Model


def online(
    model: Model,
    method: Method | None = None,
    *,
    history: float = 0.0,
    lag: float = 0.0,
    on_bad: str = "flag",
    repeats: str = "keep",
    gap: float | None = None,
    max_gap: float | None = None,
    start_time: Time | None = None,
) -> Live:
    """Make a live filter, which processes one reading at a time.

    Parameters
    ----------
    model : Model
        Its start is the belief at the first row's time, or at start_time.
    method : Method, default EKF()
        The filter: KF, EKF, UKF or CKF.
    history : float, default 0
        Seconds. A reading that is at most this much older than the newest is inserted where it belongs, and the result
        is that of the rows in order. Older ones cannot be used.
    lag : float, default 0
        Seconds. How far back `live.smoothed(t)` can look.
    on_bad : {"flag", "raise"}, default "flag"
        "flag" leaves out a reading that cannot be used, such as an infinite one or one older than the history, and
        reports it in `info.status` and `live.counts`. "raise" raises an error, and the filter is unchanged.
    repeats : {"keep", "skip"}, default "keep"
        "skip" leaves out a reading that equals the sensor's previous one.
    gap : float, default None
        Seconds. A row later than this after the row before it has Status.AFTER_GAP.
    max_gap : float, default None
        Seconds. A row that is later than this after the newest, or older by more than this and the history, has a
        wrong stamp: it is left out with Status.TIME_JUMP, or with on_bad="raise" refused. Once such rows have gone on
        in order for longer than max_gap, and no other row has come, the clock has jumped: the filter follows it.
        Give one wherever stamps come over a network or from several machines: a single stamp from the far future
        makes all rows after it too late.
    start_time : float, datetime, pandas.Timestamp or datetime64, default None
        The time of the model's start; a float is in seconds. None for the time of the first row.

    Returns
    -------
    Live
        The filter.

    Raises
    ------
    ModelError
        For a model with matrices that change row by row, or an option that is not one of those above.
    TimeError
        For a history, lag, gap or max_gap that is not a number of seconds, or a start_time that is not a time.

    Examples
    --------
    >>> live = fog.online(model, fog.EKF(), history=0.5)
    >>> belief, info = live.step(0.1, "radar", [5.2])
    >>> info.status
    <Status.USED: 1>
    """
    method = EKF() if method is None else method
    marks = {"on_bad": on_bad, "repeats": repeats, "gap": gap, "max_gap": max_gap}
    return Live(model, method, {"history": history, "lag": lag, **marks, "start_time": start_time})


def restore(path: str | Path, model: Model) -> Live:
    """Restore the filter that `live.save(path)` wrote. It continues with the same bits.

    If the newest file is damaged or missing, the previous one is read, with a warning.

    Parameters
    ----------
    path : str or path
        The file.
    model : Model
        The model that the filter was made with.

    Returns
    -------
    Live
        The filter, with its method, options, history and counts.

    Raises
    ------
    StateError
        If neither file can be read, or the file was saved for another model or by a newer release.

    Examples
    --------
    >>> live = fog.online(model)
    >>> live.save("radar.live")
    >>> fog.restore("radar.live", model)
    Live(EKF(), 0 rows, nothing yet)
    """
    if not isinstance(model, Model):
        raise ModelError.expected(
            "model", model, "a fog.Model", "Build the model that the filter was made with."
        )
    target = target_of(Path(path))
    try:
        return _filter_in(*read(target), model, target)
    except DamagedError as damage:
        before = beside(target, PREVIOUS)
        try:
            live = _filter_in(*read(before), model, before)
        except DamagedError as also:
            raise StateError(
                f"{damage}, and {also}. Expected a file that live.save wrote. Start again with fog.online.",
                field=str(path), value=str(damage),
            ) from None  # fmt: skip
        when = "before its first row" if live.time is None else f"at t = {live.time:.9g} s"
        warnings.warn(
            f"{damage}. Restored the previous file, {before.name}: row {live.rows}, {when}.", stacklevel=2
        )
        return live


def _filter_in(data: Any, schema: int, model: Model, path: Path) -> Live:
    """The filter that was saved. StateError if it is for another model, or the content is not what a filter writes."""
    try:
        method = method_in(data)
        mine, saved = fingerprint(model, method), data["model"]
        if mine != saved:
            raise StateError(
                f"{path} was saved for another model: its hash is {saved}, and this model's with {method!r} is {mine}. "
                "Expected the same functions, names, parameters and start. Use the model that it was saved with.",
                field="model", value=saved,
            )  # fmt: skip
        live = Live(model, method, options_in(data))
        empty = live._saved_state()
        data = updated(data, schema, empty.labels, model.components)
        state = state_in(data, empty, len(model.controls), len(model.inputs))
        live._resume(state)
        kept = live._saved_state().history
        found = Counter([] if kept is None else kept.table.status[: kept.last].tolist())
        if any(state.counts.get(status, 0) < rows for status, rows in found.items()):
            raise ValueError("fewer rows are counted than kept")
        _ = live.belief.cov  # refuses what is not a covariance
        return live
    except StateError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, NumericalError) as error:
        raise StateError(
            f"{path} is a saved filter with invalid content ({type(error).__name__}: {error}). Expected a file that "
            "live.save wrote. Start again with fog.online.",
            field=str(path), value=str(error),
        ) from error  # fmt: skip
