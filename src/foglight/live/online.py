"""`fog.online` and `fog.restore`: the two ways to make a live filter."""

import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from foglight.compiler.fingerprint import fingerprint
from foglight.core.atomic_file import beside, target_of
from foglight.core.errors import ModelError, NumericalError, StateError
from foglight.core.types import Time
from foglight.live.filter import Live
from foglight.live.older_files import updated
from foglight.live.saved_file import PREVIOUS, DamagedError, decoded, read
from foglight.live.saved_state import SavedState, method_in, options_in, state_in
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.model import Model

BYTES = "the argument saved"  # in messages


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


def restore(saved: str | Path | bytes, model: Model) -> Live:
    """Restore the filter that `live.save(path)` or `live.dumps()` wrote. It continues with the same bits.

    If the newest file is damaged or missing, the previous one is read, with a warning.

    Parameters
    ----------
    saved : str, path or bytes
        The file, or the bytes.
    model : Model
        The model that the filter was made with.

    Returns
    -------
    Live
        The filter, with its method, options, history and counts.

    Raises
    ------
    StateError
        If neither file can be read, the bytes are damaged, or they were saved for another model or by a newer release.

    Examples
    --------
    >>> live = fog.online(model)
    >>> live.save("radar.live")
    >>> fog.restore("radar.live", model)
    Live(EKF(), 0 rows, nothing yet)
    >>> fog.restore(live.dumps(), model)
    Live(EKF(), 0 rows, nothing yet)
    """
    if not isinstance(model, Model):
        raise ModelError.expected(
            "model", model, "a fog.Model", "Build the model that the filter was made with."
        )
    if isinstance(saved, bytes | bytearray | memoryview):
        return _from_bytes(bytes(saved), model)
    target = target_of(Path(saved))
    try:
        return _filter_in(*read(target), model, str(target))
    except DamagedError as damage:
        before = beside(target, PREVIOUS)
        try:
            live = _filter_in(*read(before), model, str(before))
        except DamagedError as also:
            raise StateError(
                f"{damage}, and {also}. Expected a file that live.save wrote. Start again with fog.online.",
                field=str(saved), value=str(damage),
            ) from None  # fmt: skip
        when = "before its first row" if live.time is None else f"at t = {live.time:.9g} s"
        warnings.warn(
            f"{damage}. Restored the previous file, {before.name}: row {live.rows}, {when}.", stacklevel=2
        )
        return live


def _from_bytes(saved: bytes, model: Model) -> Live:
    try:
        return _filter_in(*decoded(saved, BYTES), model, BYTES)
    except DamagedError as damage:
        raise StateError(
            f"{damage}. Expected what live.dumps returned, with every byte. Store it as bytes; or start again with "
            "fog.online.",
            field="saved", value=str(damage),
        ) from None  # fmt: skip


def _filter_in(data: Any, schema: int, model: Model, where: str) -> Live:
    """The filter in the data of a file or of bytes."""
    more: dict[str, Any] = {"expected": "what live.dumps returned"} if where == BYTES else {}
    return live_from(
        data,
        model,
        where,
        lambda: data["origin"],
        lambda empty: updated(data, schema, empty.labels, model.components),
        **more,
    )


def live_from(
    about: Any,
    model: Model,
    where: str,
    origin: Callable[[], int | None],
    state: Callable[[SavedState], Any],
    expected: str = "a file that live.save wrote",
    like: Live | None = None,
) -> Live:
    """The filter that was saved. StateError if it is for another model, or the content is not what a filter writes.

    about: the hash of the model, the method and the options.  where: in messages.  origin: the time of the start.
    state: from the state of a new filter to the data that `state_in` reads.  expected: in messages.  like: a filter
    that was restored with the same `about` and model.
    """
    try:
        method = _method_for(model, about, where) if like is None else like.method
        live = Live(model, method, options_in({"options": about["options"], "origin": origin()}))
        empty = live._saved_state()
        live._resume(state_in(state(empty), empty, len(model.controls), len(model.inputs)))
        kept = live._saved_state()
        history = kept.history
        found = Counter([] if history is None else history.table.status[: history.last].tolist())
        if any(kept.counts.get(status, 0) < rows for status, rows in found.items()):
            raise ValueError("fewer rows are counted than kept")
        _ = live.belief.cov  # refuses what is not a covariance
        return live
    except StateError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, NumericalError) as error:
        raise StateError(
            f"{where} is a saved filter with invalid content ({type(error).__name__}: {error}). Expected "
            f"{expected}. Start again with fog.online.",
            field=where, value=str(error),
        ) from error  # fmt: skip


def _method_for(model: Model, about: Any, where: str) -> Method:
    """The method that was saved. StateError if it was for another model."""
    method = method_in(about)
    mine, saved = fingerprint(model, method), about["model"]
    if mine != saved:
        raise StateError(
            f"{where} was saved for another model: its hash is {saved}, and this model's with {method!r} is {mine}. "
            "Expected the same functions, names, parameters and start. Use the model that it was saved with.",
            field="model", value=saved,
        )  # fmt: skip
    return method
