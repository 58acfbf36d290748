"""The first bad row of a run, found again on the interpreter and told in words."""

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from foglight.backends import interpreter
from foglight.engine import Arrays
from foglight.errors import REFUSED, DataError, NumericalError, Status
from foglight.kernels import engine_of
from foglight.log import Log
from foglight.methods import Method
from foglight.model import Model


def raise_first_bad(
    model: Model, log: Log, method: Method, arrays: Arrays, records: NDArray[Any] | None
) -> NoReturn:
    """The error of the first row, in time, whose commit was refused. records: of every row, if the run kept them."""
    with np.errstate(all="ignore"):
        _raise_first_bad(model, log, method, arrays, records)


def _raise_first_bad(
    model: Model, log: Log, method: Method, arrays: Arrays, records: NDArray[Any] | None
) -> NoReturn:
    engine = engine_of(model, method, "result")
    kernel = engine.kernel
    if records is None:
        _, records = engine.run(arrays)
    status = records[:, :, kernel.status].astype(np.int64)
    bad = (status & int(REFUSED)) != 0
    k = int(np.argmax(bad.any(axis=0)))
    track = int(np.argmax(bad[:, k]))
    n = len(kernel.carry)
    before = records[track, k - 1, :n] if k else arrays.carry[min(track, len(arrays.carry) - 1), :n]
    inputs: dict[Any, Any] = {("carry", i): np.array([v]) for i, v in enumerate(before)}
    inputs[("dt", 0)] = arrays.dt[k]
    for source, array in (("u", arrays.u), ("row", arrays.row), ("z", arrays.z)):
        values = array[min(track, len(array) - 1), k] if array.shape[2] else []
        inputs |= {(source, i): np.array([v]) for i, v in enumerate(values)}
    inputs |= {("params", i): v for i, v in enumerate(arrays.params)}
    where = f"row {k} (t = {log.time_ns[k] * 1e-9:.9g} s" + (f", track {track})" if len(records) > 1 else ")")
    for stage in kernel.stages:
        if not interpreter.present(stage, inputs, 1).any():
            continue
        out = stage.program.evaluate(inputs)
        if bool(np.all(out["commit"][0])):
            inputs |= {("carry", i): np.atleast_1d(v) for i, v in enumerate(out["carry"])}
            continue
        for source, i in stage.trigger:
            value = float(np.squeeze(inputs[(source, i)]))
            if np.isinf(value):
                name = kernel.labels["z"][i] if source == "z" else "dt"
                raise DataError(
                    f"{name} = {value} at {where}: expected a finite number, or NaN for a missing reading. Drop the "
                    "reading, or run with on_bad='flag'.",
                    field=name, index=k, value=value,
                )  # fmt: skip
        told = {bit: bool(np.all(mask)) for bit, mask in zip(stage.status, out["status"], strict=True)}
        what = "motion.noise" if stage.name == "predict" else f"{stage.name}.noise"
        what += "" if method.factored or stage.name == "predict" else f", or S of the {method!r} form,"
        if told.get(Status.INDEFINITE) and not told.get(Status.NONFINITE):
            raise NumericalError(
                f"{what} at {where} is no covariance: a pivot is negative. Expected a symmetric matrix without "
                "negative eigenvalues. Return noise.factored(G, variances), or check the signs.",
                field=what, index=k,
            )  # fmt: skip
        if told.get(Status.CONTRADICTED) and not told.get(Status.NONFINITE):
            values = {kernel.labels["z"][i]: float(np.squeeze(inputs[("z", i)])) for _, i in stage.trigger}
            raise NumericalError(
                f"{stage.name} at {where} measures {_listed(values)} without noise, but the state known exactly "
                f"excludes it ({_told(kernel.carry, inputs, len(model.state))}). Expected agreement to rounding. "
                f"Give {stage.name} a noise above 0, or the motion, or the start.",
                field=stage.name, index=k, value=values,
            )  # fmt: skip
        for label, value in zip(kernel.carry, out["carry"], strict=True):
            number = float(np.squeeze(value))
            if not np.isfinite(number):
                raise NumericalError(
                    f"{label} = {number} after {stage.name} at {where}: expected a finite number. The state before "
                    f"was {_told(kernel.carry, inputs, len(model.state))}. Check the model there, or its units.",
                    field=label, index=k, value=number,
                )  # fmt: skip
        raise NumericalError(
            f"the likelihood of {stage.name} at {where} is not finite. Expected a finite number. "
            "Check the scale of its noise.",
            field=stage.name, index=k,
        )  # fmt: skip
    raise NumericalError(
        f"{where} could not be computed. Expected finite numbers. Check the model near it.", index=k
    )


def _told(labels: tuple[str, ...], inputs: dict[Any, Any], n: int) -> str:
    return _listed({labels[i]: float(np.squeeze(inputs[("carry", i)])) for i in range(n)})


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} = {value:.6g}" for name, value in values.items())
