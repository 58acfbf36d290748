"""A linear model from its matrices: x' = F x + b + w, z = H x + d + v, constant or one entry a row."""

from types import MappingProxyType
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.equations.gaussian import Factored
from foglight.model import returned
from foglight.model.belief import Belief
from foglight.model.covariance import factor_covariance, factor_rows
from foglight.model.limits import NONE, Limits
from foglight.model.model import Model, Motion, Sensor


def linear_model(
    F: Any,
    Q: Any,
    H: Any,
    R: Any,
    *,
    start: Belief | None,
    b: Any = None,
    d: Any = None,
    limits: Limits = NONE,
) -> Model:
    """The model x' = F x + b + w, w ~ N(0, Q), seen as z = H x + d + v, v ~ N(0, R).

    F, Q (n, n), H (m, n), R (m, m), b (n,), d (m,), or with a leading axis T: one entry a row of the log.
    Entry k of F, Q, b leads to row k from the row before, however long before (rows of equal time apply none);
    entry 0 is used only with a start_time. H (n,) is read as one row; where n or m is 1, a number will do for
    its matrix.
    States are called x0, x1, …; the one sensor is "sensor" and measures z0, z1, ….  limits: as in `Motion`.
    Raises ModelError naming the entry that does not fit.

    >>> import foglight as fog
    >>> level = linear_model(1.0, 1469.1, 1.0, 15099.0, start=fog.Belief([1000.0], std=[300.0]))
    """
    _one_dtype(F=F, Q=Q, H=H, R=R, b=b, d=d)
    checks.fits_memory(np.shape(F)[-1] if isinstance(F, np.ndarray) and F.ndim else 0, "F")
    given = {"F": checks.numbers(F, "F"), "H": checks.numbers(H, "H")}
    n = given["F"].shape[-1] if given["F"].ndim else 1
    m = 1 if given["H"].ndim < 2 else given["H"].shape[-2]
    if given["H"].ndim < 2:
        given["H"] = given["H"].reshape(1, -1)
    given |= {"Q": checks.numbers(Q, "Q"), "R": checks.numbers(R, "R")}
    given["b"] = np.zeros(n) if b is None else checks.numbers(b, "b")
    given["d"] = np.zeros(m) if d is None else checks.numbers(d, "d")
    expected = {"F": (n, n), "H": (m, n), "Q": (n, n), "R": (m, m), "b": (n,), "d": (m,)}
    found = {name: _shaped(given[name], shape, name) for name, shape in expected.items()}
    if not n or not m:
        raise ModelError(
            f"n = {n} states, m = {m} measures: expected at least one of each. Give F (n, n) and H (m, n).",
            field="F",
            value=(n, m),
        )
    rows = {name: array for name, array in found.items() if array.ndim > len(expected[name])}
    _same_rows(rows)
    matrices = {name: array for name, array in found.items() if name not in rows}
    if "Q" in rows:
        rows["Q_G"], rows["Q_v"] = factor_rows(rows.pop("Q"), "Q")
    else:
        matrices["Q_G"], matrices["Q_v"] = factor_covariance(matrices["Q"], "Q")
    factor_rows(found["R"].reshape(-1, m, m), "R") if "R" in rows else factor_covariance(found["R"], "R")

    # What the functions see while the model is checked: the constants, and the first row of what changes.
    first = matrices | {name: array[0] for name, array in rows.items()}
    motion = Motion(
        state=tuple(f"x{i}" for i in range(n)),
        dynamics=lambda x, dt, p: first["F"] @ x + first["b"],
        noise=lambda x, dt, p: Factored(first["Q_G"], first["Q_v"]),
        limits=limits,
    )
    sensor = Sensor(
        "sensor",
        measures=tuple(f"z{i}" for i in range(m)),
        measure=lambda x, p: first["H"] @ x + first["d"],
        noise=lambda x, p: first["R"],
    )
    return Model(motion, (sensor,), start, matrices=MappingProxyType(matrices), rows=MappingProxyType(rows))


def _one_dtype(**arrays: Any) -> None:
    kinds = {
        name: a.dtype.name for name, a in arrays.items() if isinstance(a, np.ndarray) and a.dtype.kind == "f"
    }
    if len({"float32", "float64"} & set(kinds.values())) == 2:
        single = ", ".join(name for name, kind in kinds.items() if kind == "float32")
        raise ModelError(
            f"{single}: float32, but others are float64: expected one type. "
            f"Write {single.split(',')[0]}.astype(float).",
            field=single.split(",")[0],
            value="float32",
        )


def _shaped(array: Floats, shape: tuple[int, ...], name: str) -> Floats:
    """The array in this shape, or with rows in front. One number serves where the shape has one."""
    if array.ndim == 0 and set(shape) == {1}:
        return array.reshape(shape)
    if array.shape == shape or (array.ndim == len(shape) + 1 and array.shape[1:] == shape):
        return array
    hint = ""
    if len(shape) == 2 and shape[0] == shape[1] and name in "QR":
        hint = returned.covariance_hint(array, shape[0])
    elif name == "F":
        hint = " F must be square: it maps the state to the state."
    elif name == "H":
        hint = " H needs one column for each state of F."
    raise ModelError(
        f"{name} has shape {array.shape}: expected {shape} or (T, {', '.join(map(str, shape))}).{hint}",
        field=name,
        value=array.shape,
    )


def _same_rows(rows: dict[str, Floats]) -> None:
    lengths = {name: len(array) for name, array in rows.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ModelError(
            f"matrices for different numbers of rows: {listed}: expected the same. "
            "Entry k belongs to row k of the log; put any matrix at entry 0 of F, Q, b.",
            field=next(iter(rows)),
            value=lengths,
        )
