"""`fog.online` and `fog.restore`: the two ways to a live filter."""

import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from foglight.compiler.fingerprint import fingerprint
from foglight.core.errors import ModelError, NumericalError, StateError
from foglight.live.filter import Live
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
    start_time: Any = None,
) -> Live:
    """A filter that takes in one reading at a time.

    The model's start is the belief at the first row's time, or at start_time. method: EKF() unless given.
    history: seconds; a reading at most so much older than the newest is put where it belongs, and the result is what
    the rows in order would have given. lag: seconds; `live.smoothed(t)` tells the belief at most so long ago, given all
    that came since. on_bad: "flag" leaves out what cannot be used, such as a reading that is infinite or older than the
    history, and says so in `info.status` and `counts`; "raise" refuses it, and the filter stays where it was. repeats:
    "skip" leaves out a sensor's reading that equals its one before. gap: seconds; a row later than that after the row
    before it has Status.AFTER_GAP.
    Raises ModelError for a model with matrices that change row by row.

    >>> live = fog.online(model, fog.EKF(), history=0.5)
    >>> belief, info = live.step(0.1, "radar", [5.2])
    """
    method = EKF() if method is None else method
    marks = {"on_bad": on_bad, "repeats": repeats, "gap": gap}
    return Live(model, method, {"history": history, "lag": lag, **marks, "start_time": start_time})


def restore(path: str | Path, model: Model) -> Live:
    """The filter that `live.save(path)` wrote, for the model that it was made with: it goes on with the same bits.

    Where the newest file is damaged or missing, the one before it is read, with a warning that says so.
    Raises StateError where neither can be read, for a file of a newer release, and for a filter of another model.

    >>> live.save("radar.live")
    >>> live = fog.restore("radar.live", model)
    """
    if not isinstance(model, Model):
        raise ModelError(
            f"model = {model!r}: expected a fog.Model. Build the model that the filter was made with.",
            field="model", value=model,
        )  # fmt: skip
    target = Path(path).resolve()
    try:
        return _filter_in(read(target), model, target)
    except DamagedError as damage:
        before = target.with_name(target.name + PREVIOUS)
        try:
            live = _filter_in(read(before), model, before)
        except DamagedError as also:
            raise StateError(
                f"{damage}, and {also}. Expected a file that live.save wrote. Start again with fog.online.",
                field=str(path), value=str(damage),
            ) from None  # fmt: skip
        when = "before its first row" if live.time is None else f"at t = {live.time:.9g} s"
        warnings.warn(
            f"{damage}. Restored the file before it, {before.name}: row {live.rows}, {when}.", stacklevel=2
        )
        return live


def _filter_in(data: Any, model: Model, path: Path) -> Live:
    """The filter that was saved. StateError where it is another model's, or is what no filter writes."""
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
        state = state_in(data, live._saved_state(), len(model.motion.controls))
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
            f"{path} is a saved filter with a content that no filter writes ({type(error).__name__}: {error}). "
            "Expected a file that live.save wrote. Start again with fog.online.",
            field=str(path), value=str(error),
        ) from error  # fmt: skip
