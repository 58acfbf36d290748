"""Pictures of curves over the time of one track, thinned to the rows that show every spike."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.pictures.decimation import Pieces, decimated
from foglight.pictures.plot.tracks import Track
from foglight.pictures.report.document import Block, Document

_FEWEST = 600  # rows that each curve of a picture may keep


class Curve(NamedTuple):
    """What is drawn. role: the meaning, which has a colour.  style: line, dashes, points, crosses, band or stems.

    y (T,): the values, NaN where missing; of a band its lower edge, and high (T,) its upper one.
    """

    name: str
    role: str
    style: str
    y: Floats
    high: Floats | None = None


class View(NamedTuple):
    """One track on a page. number: of the track on the page, None if it has only one.  most: rows of a picture."""

    track: Track
    number: int | None
    most: int


def over_time(
    page: Document, view: View, title: str, shows: tuple[str, str], unit: str, curves: Iterable[Curve],
    *, text: str = "", rows: NDArray[np.bool_] | None = None, marks: NDArray[np.int64] | None = None,
) -> Block:  # fmt: skip
    """A picture over time. rows (T,): which rows have something to show; marks: the rows that a sentence accuses."""
    time = seconds(view.track)
    drawn = [curve for curve in curves if np.isfinite(curve.y).any()]
    if rows is None or rows.all():
        at = _kept(time, drawn, view.most)
    else:
        chosen = np.flatnonzero(rows)
        at = chosen[_kept(time[chosen], [_at(curve, chosen) for curve in drawn], view.most)]
    given = {} if marks is None or not len(marks) else {
        "marks": [{"column": page.column(time[marks], exact=True), "name": "accused"}]
    }  # fmt: skip
    x = {"column": page.column(time[at], exact=True), "label": view.track.label or "time"}
    return page.block(
        "lines", title, shows, text=text, shared=True, track=view.number, x=x | {"dates": has_dates(view.track)},
        y={"label": unit}, series=[_series(page, _at(curve, at)) for curve in drawn], **given,
    )  # fmt: skip


def _at(curve: Curve, rows: NDArray[np.int64]) -> Curve:
    high = None if curve.high is None else curve.high[rows]
    return curve._replace(y=curve.y[rows], high=high)


def _kept(time: Floats, curves: list[Curve], most: int) -> NDArray[np.int64]:
    """The rows of a picture: those that any of its curves needs."""
    if len(time) <= most or not curves:
        return np.arange(len(time))
    share = max(most // sum(1 if curve.high is None else 2 for curve in curves), _FEWEST)
    kept, all_rows = np.zeros(len(time), bool), Pieces(time, share)
    for curve in curves:
        for values in (curve.y,) if curve.high is None else (curve.y, curve.high):
            there = np.isfinite(values) if curve.style in ("points", "crosses") else None
            if there is None or there.all():
                kept[all_rows.extremes(values)] = True
            elif there.any():
                rows = np.flatnonzero(there)
                kept[rows[decimated(time[rows], values[rows], share)]] = True
    return np.flatnonzero(kept)


def _series(page: Document, curve: Curve) -> dict[str, Any]:
    style = "points" if curve.style in ("line", "dashes") and _scattered(curve.y) else curve.style
    found = {"name": curve.name, "role": curve.role, "style": style, "y": page.column(curve.y)}
    return found if curve.high is None else found | {"high": page.column(curve.high)}


def _scattered(y: Floats) -> bool:
    """Whether most values stand between missing ones, where a line shows nothing."""
    gone = np.concatenate([[True], ~np.isfinite(y), [True]])
    alone = ~gone[1:-1] & gone[:-2] & gone[2:]
    return bool(alone.sum() > 0.5 * (~gone).sum())


def has_dates(track: Track) -> bool:
    """Whether the times of a track are dates."""
    return track.time.dtype.kind == "M"


def seconds(track: Track) -> Floats:
    """The times of a track (T,); dates in seconds since 1970."""
    if has_dates(track):
        return track.time.astype("datetime64[ns]").astype(np.int64) / 1e9
    return np.asarray(track.time, np.float64)


def crossed(name: str, y: Floats) -> Curve:
    """The readings among those of a curve that a gate rejected, as the plots mark them."""
    return Curve(name, "alarm", "crosses", y)
