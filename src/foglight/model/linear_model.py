"""A linear model from its matrices: x' = F x + b + w, z = H x + d + v, constant or with one entry per row."""

from types import MappingProxyType
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.equations.gaussian import Factored
from foglight.model import returned
from foglight.model.belief import Belief
from foglight.model.covariance import (
    averaged,
    factor_covariance,
    factor_rows,
    noise_factors,
    noise_matrix,
)
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
    """The linear model x' = F x + b + w, w ~ N(0, Q), measured as z = H x + d + v, v ~ N(0, R).

    Every matrix is constant, or has a leading axis T with one entry per row of the log. Entry k of F, Q and b leads
    from the row before to row k, whatever the time between them; it is not applied between rows of equal time. Entry 0
    is used only if the run has a start_time.

    Parameters
    ----------
    F : array_like
        Transition matrix, shape (n, n). Where n is 1, a number will do.
    Q : array_like, or fog.noise.factored(G, variances)
        Covariance of the process noise w, shape (n, n). Where n is 1, a number will do.
    H : array_like
        Measurement matrix, shape (m, n); shape (n,) is read as a single row.
    R : array_like, or fog.noise.factored(G, variances)
        Covariance of the measurement noise v, shape (m, m). Where m is 1, a number will do.
    start : Belief or None
        The belief at the time of the first row; None where nothing is known (diffuse).
    b : array_like, default zeros
        Known input, shape (n,).
    d : array_like, default zeros
        Offset of the measurement, shape (m,).
    limits : dict, default {}
        Limits of states, {state: (low, high)}; see `fog.Motion`.

    Returns
    -------
    Model
        A model with states x0, x1, … and one sensor, "sensor", which measures z0, z1, ….

    Raises
    ------
    ModelError
        For a shape that does not fit, a number that is not finite, or a Q or R that is not a covariance.

    Examples
    --------
    >>> nile = fog.linear_model(1.0, 1469.1, 1.0, 15099.0, start=fog.Belief([1000.0], std=[300.0]))
    >>> nile.state, nile.components
    (('x0',), ('sensor.z0',))
    """
    _one_dtype(F=F, Q=Q, H=H, R=R, b=b, d=d)
    checks.fits_memory(np.shape(F)[-1] if isinstance(F, np.ndarray) and F.ndim else 0, "F")
    given = {"F": checks.numbers(F, "F"), "H": checks.numbers(H, "H")}
    n = given["F"].shape[-1] if given["F"].ndim else 1
    m = 1 if given["H"].ndim < 2 else given["H"].shape[-2]
    if given["H"].ndim < 2:
        given["H"] = given["H"].reshape(1, -1)
    factored = noise_factors(Q, n, "Q") if isinstance(Q, Factored) else None
    given |= {
        "Q": checks.numbers(Q, "Q") if factored is None else averaged(factored.cov),
        "R": noise_matrix(R, m, "R") if isinstance(R, Factored) else checks.numbers(R, "R"),
    }
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
    elif factored is None:
        matrices["Q_G"], matrices["Q_v"] = factor_covariance(matrices["Q"], "Q")
    else:
        matrices["Q_G"], matrices["Q_v"] = factored.G, factored.variances
    factor_rows(found["R"].reshape(-1, m, m), "R") if "R" in rows else factor_covariance(found["R"], "R")

    # For the check of the model the functions use the constant matrices, and the first entry of those with rows.
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
    types = {
        name: a.dtype.name for name, a in arrays.items() if isinstance(a, np.ndarray) and a.dtype.kind == "f"
    }
    if len({"float32", "float64"} & set(types.values())) == 2:
        single = ", ".join(name for name, dtype in types.items() if dtype == "float32")
        raise ModelError(
            f"{single}: float32, but others are float64: expected one type. "
            f"Write {single.split(',')[0]}.astype(float).",
            field=single.split(",")[0],
            value="float32",
        )


def _shaped(array: Floats, shape: tuple[int, ...], name: str) -> Floats:
    """The array in this shape, or with a leading axis of rows. A number will do for a shape with one entry."""
    array = checks.filled(array, shape)
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
