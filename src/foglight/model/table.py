"""Look-up tables and curves for the functions of a model: `foglight.table`.

A table is a function of one number, or of two, that is given by its values at points. It works on floats, on arrays and
in a model that is being traced, where it becomes a search of the segment and a polynomial (`trace/piecewise.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.model.curves import from_scipy, is_curve, through_points
from foglight.trace.piecewise import Curve, Grid
from foglight.trace.symbol import Symbol

KINDS = {"linear": 2, "cubic": 4, "pchip": 2}  # and the points that each needs
BEYOND = ("error", "hold", "linear")
_LARGEST = 10_000  # values of a table: each is a number in the compiled filter
_said: ContextVar[list[str] | None] = ContextVar("said", default=None)


@dataclass(frozen=True, repr=False)
class Table:
    """A function given by its values at points. Made by `table`.

    Attributes
    ----------
    axes : tuple
        The points: one tuple of numbers, or two for a function of two numbers.
    kind : str
        What is between the points.
    extrapolate : str
        What is beyond them.
    name : str
        What messages call it.
    """

    axes: tuple[tuple[float, ...], ...]
    kind: str
    extrapolate: str
    name: str
    function: Curve | Grid

    def __call__(self, *args: Any) -> Any:
        """The value at a number or at each entry of an array; for a table of two numbers, at x and y."""
        if len(args) != len(self.axes):
            called = f"Call {self.name}({', '.join('xy'[: len(self.axes)])})."
            raise ModelError.expected(f"{self.name}(…)", len(args), _counted(len(self.axes)), called)
        if (said := listening()) is not None and self.extrapolate == "error":
            said += self._outside(*args)
        return self.function(*args)

    def __repr__(self) -> str:
        sides = " by ".join(f"{len(axis)} points from {axis[0]:g} to {axis[-1]:g}" for axis in self.axes)
        return f"<{self.name}: {self.kind}, {sides}, extrapolate={self.extrapolate!r}>"

    def _outside(self, *args: Any) -> Iterator[str]:
        for axis, values, argument in zip(self.axes, args, "xy", strict=False):
            if isinstance(values, Symbol) or np.asarray(values).dtype == object:
                continue
            beyond = [v for v in np.ravel(values) if v < axis[0] or v > axis[-1]]
            for value in beyond[:1]:
                yield (
                    f"{self.name} was called with {argument} = {value:.6g}: expected {axis[0]:g} to {axis[-1]:g}. "
                    "Give the table more points, or choose extrapolate='hold' or 'linear'."
                )


def table(
    x: Any, y: Any = None, kind: str = "linear", extrapolate: str = "error", *, name: str = "table"
) -> Table:
    """Make a function of its values at points: a look-up table, or a smooth curve through them.

    In a model it is traced as any formula is, so that it has exact derivatives and is compiled. A filter takes its
    slope from the segment that it is in.

    Parameters
    ----------
    x : array_like (n,), tuple of two, or a curve of SciPy
        The points, increasing. Two of them, ``(x, y)``, make a function of two numbers, bilinear in each cell of the
        grid. A `CubicSpline`, `PchipInterpolator`, `Akima1DInterpolator`, `PPoly`, `BSpline` or linear `interp1d` of
        SciPy is taken as it is; then `y` and `kind` are left out.
    y : array_like (n,) or (n, m)
        The values at the points; of a grid, entry [i, j] is that at x[i], y[j].
    kind : {'linear', 'cubic', 'pchip'}
        Straight lines; a cubic spline with continuous curvature, not-a-knot at its ends (SciPy's `CubicSpline`); or
        cubics that rise and fall only where the points do (SciPy's `PchipInterpolator`).
    extrapolate : {'error', 'hold', 'linear'}
        Beyond the points: NaN, which makes a run name the row, the table and the value; the value of the last point; or
        a straight line with the slope there.
    name : str
        What messages call it.

    Returns
    -------
    Table
        A callable of one number, or of two.

    Raises
    ------
    ModelError
        For points that do not increase, values that are not finite or not as many as points, too few points (two, or
        four for a cubic), or more than 10,000 values.

    Examples
    --------
    >>> ocv = fog.table([0.0, 0.5, 1.0], [3.0, 3.6, 4.2], extrapolate="hold", name="ocv")
    >>> float(ocv(0.25)), float(ocv(1.2))
    (3.3, 4.2)
    >>> cell = fog.Sensor("cell", ("volts",), lambda x, p: [ocv(x.charge)], lambda x, p: [[1e-4]])
    """
    if extrapolate not in BEYOND:
        raise ModelError.expected(
            "extrapolate", extrapolate, "'error', 'hold' or 'linear'", "Choose what is beyond the points."
        )
    name = checks.name(name, "name")
    if is_curve(x):
        if y is not None:
            raise ModelError.expected(
                "y", checks.brief(y), "nothing beside a curve of SciPy", "Write fog.table(curve)."
            )
        function = from_scipy(x, extrapolate)
        return Table((_knots(function),), type(x).__name__, extrapolate, name, function)
    if kind not in KINDS:
        raise ModelError.expected(
            "kind", kind, "'linear', 'cubic' or 'pchip'", "Choose what is between the points."
        )
    if callable(x) and y is None:
        called = type(x).__name__
        raise ModelError(
            f"x is a {called}, whose polynomials fog.table cannot read: expected points, or a CubicSpline, "
            "PchipInterpolator, Akima1DInterpolator, PPoly, BSpline or linear interp1d of SciPy. Write "
            "fog.table(points, x(points), kind='cubic').",
            field="x",
            value=called,
        )
    if isinstance(x, tuple) and len(x) == 2 and np.ndim(x[0]):
        return _grid(x, y, kind, extrapolate, name)
    points = _axis(x, "x", KINDS[kind], kind)
    values = _values(y, points.shape, "y")
    _check_size(values)
    return Table(
        (_plain(points),), kind, extrapolate, name, through_points(points, values, kind, extrapolate)
    )


def listening() -> list[str] | None:
    """Where a function that is called on numbers, beyond where it has values, says so; None if nobody asks."""
    return _said.get()


@contextmanager
def outside() -> Iterator[list[str]]:
    """The sentences of tables, and of steps in continuous time, that are called on numbers beyond where they have
    values, of all calls in this context."""
    said: list[str] = []
    before = _said.set(said)
    try:
        yield said
    finally:
        _said.reset(before)


def _grid(axes: tuple[Any, Any], values: Any, kind: str, extrapolate: str, name: str) -> Table:
    if kind != "linear":
        raise ModelError.expected("kind", kind, "'linear' for a table of two numbers", "Leave kind out.")
    x, y = (_axis(axis, f"x[{k}]", KINDS[kind], kind) for k, axis in enumerate(axes))
    found = _values(values, (len(x), len(y)), "y")
    _check_size(found)
    rows = tuple(_plain(row) for row in found)
    return Table(
        (_plain(x), _plain(y)), kind, extrapolate, name, Grid(_plain(x), _plain(y), rows, extrapolate)
    )


def _axis(values: Any, field: str, least: int, kind: str) -> Floats:
    points = checks.numbers(values, field)
    if points.ndim != 1:
        raise ModelError(
            f"{field} has shape {points.shape}: expected a list of points (n,). Give one number for each point.",
            field=field,
            value=points.shape,
        )
    if len(points) < least:
        raise ModelError(
            f"{field} has {_counted(len(points), 'point')}: expected at least {least} for a {kind} table. "
            + ("Give more points, or choose kind='pchip'." if least > 2 else "Give more points."),
            field=field,
            value=len(points),
        )
    for k in np.flatnonzero(~(np.diff(points) > 0.0))[:1]:
        raise ModelError(
            f"{field}[{k + 1}] = {points[k + 1]:g}: expected more than {field}[{k}] = {points[k]:g}. "
            "Sort the points, and give each of them once.",
            field=field,
            index=int(k) + 1,
            value=float(points[k + 1]),
        )
    return points


def _values(values: Any, shape: tuple[int, ...], field: str) -> Floats:
    if values is None:
        raise ModelError.expected(field, None, "a value for each point", "Write fog.table(x, y).")
    for k, value in enumerate(np.ravel(np.asarray(values, dtype=object))):
        if isinstance(value, Symbol):
            raise ModelError(
                f"{field}[{k}] depends on a state or parameter: expected a number, since a table is made once. Where "
                "its values are parameters, make a table of 0 and 1 for each point, outside the function, and add them "
                "up: sum(v * shape(x.charge) for v, shape in zip(values, shapes)).",
                field=field,
                index=k,
            )
    found = checks.numbers(values, field)
    if found.shape != shape:
        raise ModelError(
            f"{field} has shape {found.shape}: expected {shape}, one value for each point. "
            "Give as many values as points.",
            field=field,
            value=found.shape,
        )
    return found


def _check_size(values: Floats) -> None:
    if values.size > _LARGEST:
        raise ModelError(
            f"y has {values.size} values: expected at most {_LARGEST}. Give fewer points where the table is smooth, or "
            "declare the function that reads it fog.opaque.",
            field="y",
            value=values.size,
        )


def _plain(numbers: Floats) -> tuple[float, ...]:
    return tuple(numbers.tolist())


def _knots(curve: Curve) -> tuple[float, ...]:
    return tuple(dict.fromkeys((curve.low, *curve.bounds, curve.high)))


def _counted(number: int, what: str = "argument") -> str:
    return f"{number} {what}{'s' * (number != 1)}"
