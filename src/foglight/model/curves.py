"""Curves through points as polynomials in segments: straight lines, splines, and those that SciPy has made."""

from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.trace.piecewise import Curve


def through_points(x: Floats, y: Floats, kind: str, extrapolate: str) -> Curve:
    """The curve through points: `kind` is linear, cubic or pchip."""
    from scipy.interpolate import CubicSpline, PchipInterpolator

    with np.errstate(all="ignore"):
        slopes = np.diff(y) / np.diff(x)
        try:
            if kind == "linear":
                coefficients = np.stack([slopes, y[:-1]])
            else:
                coefficients = (CubicSpline if kind == "cubic" else PchipInterpolator)(x, y).c
            unfit = np.flatnonzero(~np.isfinite(coefficients).all(axis=0))
        except ValueError:  # of SciPy, for a slope that overflows: the steepest segment is to blame
            unfit = np.argmax(np.abs(slopes), keepdims=True)
    for i in unfit[:1]:
        raise ModelError(
            f"y[{i + 1}] = {y[i + 1]:g}, between x = {x[i]:g} and {x[i + 1]:g}: expected a slope within the range of "
            "floats. Move the points apart, or choose another unit.",
            field="y",
            index=int(i) + 1,
            value=float(y[i + 1]),
        )
    return _curve(x, coefficients[::-1], extrapolate, float(y[0]), float(y[-1]))


def is_curve(value: Any) -> bool:
    """Whether a value is an interpolation of SciPy, or has its breakpoints `x` and coefficients `c`."""
    if hasattr(value, "__array__"):  # a dataframe has the columns that it has
        return False
    return (hasattr(value, "x") and (hasattr(value, "c") or hasattr(value, "y"))) or hasattr(value, "tck")


def from_scipy(curve: Any, extrapolate: str) -> Curve:
    """The polynomials of an interpolation of SciPy."""
    from scipy.interpolate import PPoly

    name = type(curve).__name__
    if getattr(curve, "extrapolate", None) == "periodic":
        raise ModelError(
            f"x is a periodic {name}: expected one with ends. Make it without extrapolate='periodic', and call the "
            "table with x % period.",
            field="x",
            value=name,
        )
    if hasattr(curve, "tck"):
        curve = PPoly.from_spline(curve)
    if not hasattr(curve, "c"):
        if getattr(curve, "_kind", None) != "linear" or np.ndim(curve.y) != 1:
            raise ModelError(
                f"x is an {name} of kind {getattr(curve, '_kind', '?')!r}: expected 'linear', of single values. "
                "Make a CubicSpline, or fog.table(x, y, kind='cubic').",
                field="x",
                value=name,
            )
        return through_points(np.asarray(curve.x, float), np.asarray(curve.y, float), "linear", extrapolate)
    x, coefficients = np.asarray(curve.x, float), np.asarray(curve.c)
    if coefficients.ndim != 2 or np.iscomplexobj(coefficients) or not np.isfinite(coefficients).all():
        raise ModelError(
            f"x is a {name} with coefficients of shape {coefficients.shape}: expected one finite real value at each "
            "point, and so shape (k, n). Make a curve for each component.",
            field="x",
            value=coefficients.shape,
        )
    if not (np.diff(x) >= 0.0).all():
        raise ModelError(
            f"x is a {name} whose breakpoints decrease: expected increasing ones. Turn its points around.",
            field="x",
            value=name,
        )
    kept = np.flatnonzero(np.diff(x) > 0.0)  # a B-spline repeats its ends
    x, rows = np.append(x[kept], x[-1]), coefficients[::-1, kept].astype(float)
    return _curve(x, rows, extrapolate, float(rows[0, 0]), _at_end(rows[:, -1], x[-1] - x[-2]))


def _curve(x: Floats, rows: Floats, extrapolate: str, first: float, last: float) -> Curve:
    """A curve of coefficients, lowest power first, and what is beyond its ends, where it has these values."""
    bounds, origins = x[1:-1], x[:-1]
    below, above = {"error": (np.nan, np.nan), "hold": (first, last)}.get(extrapolate, (None, None))
    if extrapolate == "linear" and len(rows) > 2:  # a segment more at either end
        derivative = rows[1:, -1] * np.arange(1.0, len(rows))
        slopes = rows[1, 0], _at_end(derivative, x[-1] - x[-2])
        ends = np.zeros((len(rows), 2))
        ends[0], ends[1] = (first, last), slopes
        rows = np.concatenate([ends[:, :1], rows, ends[:, 1:]], axis=1)
        bounds, origins = x, np.concatenate([x[:1], x])
    while len(rows) > 1 and not rows[-1].any():
        rows = rows[:-1]
    listed = tuple(tuple(row.tolist()) for row in rows)
    return Curve(
        tuple(bounds.tolist()), tuple(origins.tolist()), listed, float(x[0]), float(x[-1]), below, above
    )


def _at_end(coefficients: Floats, width: float) -> float:
    """The value of one segment's polynomial, lowest power first, at its end."""
    return float(np.polynomial.polynomial.polyval(width, coefficients))
