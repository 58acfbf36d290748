"""Tables and sparklines as HTML: every text is escaped, and every colour is that of the page, light or dark."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.pictures.decimation import decimated

_WIDE, _HIGH = 140, 26  # of a sparkline, in pixels
_POINTS = 420  # of a sparkline, at most
_ROWS = 40  # of a table, at most


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def page(*parts: str) -> str:
    """Parts, one below the other; plain text is escaped."""
    return "<div>" + "".join(_part(part) for part in parts if part) + "</div>"


def _part(part: str) -> str:
    return part if isinstance(part, Markup) else f"<p>{escape(part)}</p>"


def preformatted(text: str) -> Markup:
    """Text as it prints."""
    return Markup(f"<pre>{escape(text)}</pre>")


def bullets(lines: Sequence[str]) -> Markup:
    """A list of sentences; nothing if there are none."""
    return Markup("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else "")


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> Markup:
    """A table: numbers with six digits and to the right, text to the left and escaped."""
    sides = ["right" if any(map(_is_number, column)) else "left" for column in zip(*rows, strict=True)]
    sides = sides or ["left"] * len(heads)
    head = "".join(_cell("th", text, side) for text, side in zip(heads, sides, strict=True))
    body = "".join(
        "<tr>" + "".join(_cell("td", value, side) for value, side in zip(row, sides, strict=True)) + "</tr>"
        for row in rows[:_ROWS]
    )
    left = len(rows) - _ROWS
    if left > 0:
        body += f'<tr><td colspan="{len(heads)}" style="text-align:left">… and {left} more</td></tr>'
    return Markup(f'<table style="color:inherit"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int | np.floating | np.integer)


def _cell(tag: str, value: Any, side: str) -> str:
    text = value if isinstance(value, Markup) else escape(str(value))
    if isinstance(value, float | np.floating):
        text = number(float(value))
    elif isinstance(value, int | np.integer):
        text = f"{value:,}"
    return f'<{tag} style="text-align:{side};padding:0.1em 0.7em 0.1em 0">{text}</{tag}>'


def number(value: float) -> str:
    """Six digits; a dash where it is missing."""
    return "–" if value != value else "∞" if value == np.inf else "-∞" if value == -np.inf else f"{value:.6g}"


def sparkline(
    t: NDArray[Any],
    y: NDArray[np.float64],
    low: NDArray[np.float64] | None = None,
    high: NDArray[np.float64] | None = None,
    label: str = "",
) -> Markup:
    """A line through y over t, broken where it is missing, with the area from low to high behind it."""
    shown = np.isfinite(y)
    if not shown.any():
        return Markup("")
    at = decimated(t, y, _POINTS)
    x = (t[at] - t[0]).astype(float)
    x = x / x[-1] if x[-1] > 0.0 else np.arange(len(at)) / max(len(at) - 1, 1)
    edges = [y[at]] if low is None or high is None else [y[at], low[at], high[at]]
    known = np.concatenate([edge[np.isfinite(edge)] for edge in edges])
    least, most = float(known.min()), float(known.max())
    span = most - least if np.isfinite(most - least) and most > least else 1.0

    def points(values: NDArray[np.float64], across: NDArray[np.float64]) -> list[str]:
        heights = _HIGH - 2.0 - (values - least) / span * (_HIGH - 4.0)
        return [f"{1.0 + a * (_WIDE - 2.0):.1f},{h:.1f}" for a, h in zip(across, heights, strict=True)]

    drawn = ""
    if len(edges) > 1:
        for run in _runs(np.isfinite(edges[1]) & np.isfinite(edges[2])):
            around = [*points(edges[1][run], x[run]), *points(edges[2][run], x[run])[::-1]]
            drawn += f'<polygon points="{" ".join(around)}" fill="currentColor" opacity="0.2"/>'
    for run in _runs(np.isfinite(y[at])):
        dots = points(y[at][run], x[run])
        if len(dots) == 1:
            across, down = dots[0].split(",")
            drawn += f'<circle cx="{across}" cy="{down}" r="1" fill="currentColor"/>'
        else:
            drawn += (
                f'<polyline points="{" ".join(dots)}" fill="none" stroke="currentColor" stroke-width="1.2"/>'
            )
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDE}" height="{_HIGH}" viewBox="0 0 {_WIDE} {_HIGH}" '
        f'role="img" aria-label="{escape(label, quote=True)}">{drawn}</svg>'
    )


def _runs(there: NDArray[np.bool_]) -> list[slice]:
    """The runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
