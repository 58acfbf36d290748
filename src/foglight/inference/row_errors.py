"""Why a row was refused: its stages are run again on the interpreter, one by one, to describe the one that failed."""

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from foglight.compiler import adaptation, recovery
from foglight.compiler.backends import interpreter
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.reference import FloatInputs
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernel import SEEN, Kernel, Stage
from foglight.compiler.user_functions import motion_noise, sensor_noise
from foglight.core.errors import REFUSED, DataError, FoglightError, ModelError, NumericalError, Status
from foglight.equations import unscented
from foglight.equations.gaussian import Factored
from foglight.methods.layout import belief_of, belief_size
from foglight.methods.method import Method
from foglight.model.continuous_step import TOO_FAST
from foglight.model.covariance import factor_covariance
from foglight.model.model import Model, Motion, Sensor
from foglight.model.part_fields import is_ready_made
from foglight.model.part_functions import full
from foglight.model.table import outside

Inputs = dict[tuple[str, int], Any]
_ROUGH_START = "Give a rough start: fog.Belief(mean, std=[inf, …]) is linearised at its mean."


def any_refused(carry: NDArray[Any]) -> bool:
    """Whether any row of any track (tracks, carried) was refused: the last carried number has the bits of all rows."""
    return bool(int(np.bitwise_or.reduce(carry[:, SEEN].astype(np.int64))) & int(REFUSED))


def raise_first_bad(model: Model, method: Method, arrays: Arrays, records: NDArray[Any] | None) -> NoReturn:
    """Raise the error of the first row that was refused. records: those of every row, if the run kept them."""
    engine = engine_of(model, method, "result")
    kernel = engine.kernel
    if records is None:
        _, records = engine.run(arrays)
    status = records[:, :, kernel.status].astype(np.int64)
    bad = (status & int(REFUSED)) != 0
    k = int(np.argmax(bad.any(axis=0)))
    track = int(np.argmax(bad[:, k]))
    n = len(kernel.carry)
    one = int(np.searchsorted(arrays.first, k, "right")) - 1 if arrays.first is not None else track
    begins = arrays.first[one] if arrays.first is not None else 0
    if isinstance(engine, TwoPhaseEngine):
        kernel = engine.first.kernel
        alone = list(arrays.each())[one]
        before = engine.run(alone.rows_of(0, k - int(begins)))[0][0, : len(kernel.carry)]
    else:
        before = (
            records[track, k - 1, :n] if k > begins else arrays.carry[min(one, len(arrays.carry) - 1), :n]
        )
    where = arrays.rows.where(k, str(track) if len(records) > 1 else "")
    raise why(model, method, kernel, row_of(arrays, before, track, k), where, arrays.rows.number(k))


def raise_bad_reading(
    model: Model,
    method: Method,
    arrays: Arrays,
    records: NDArray[Any],
    readings: Mapping[str, tuple[NDArray[Any], NDArray[Any]]],
) -> None:
    """Raise the error of the first row in which a sensor's predicted reading is not finite: the one that a run would
    raise if the sensor reported there.

    records: what the filter carries after each row's prediction.  readings: h (tracks, T, m) and S (tracks, T, m, m).
    """
    bad = {
        name: ~(np.isfinite(h).all(axis=-1) & np.isfinite(S).all(axis=(-2, -1)))
        for name, (h, S) in readings.items()
    }
    if not any(rows.any() for rows in bad.values()):
        return
    k = min(int(np.argmax(rows.any(axis=0))) for rows in bad.values() if rows.any())
    sensor, at = next((sensor, at) for sensor, at in model.blocks if bad[sensor.name][:, k].any())
    track = int(np.argmax(bad[sensor.name][:, k]))
    kernel = engine_of(model, method, "result").kernel
    inputs = row_of(arrays, records[track, k, : len(kernel.carry)], track, k)
    inputs[("dt", 0)] = 0.0  # the prediction is done
    inputs |= {("z", i): np.zeros(1) for i in range(at.start, at.stop)}
    where = arrays.rows.where(k, str(track) if len(records) > 1 else "")
    raise why(model, method, kernel, inputs, where, arrays.rows.number(k))


def row_of(arrays: Arrays, carry: NDArray[Any], track: int, k: int) -> Inputs:
    """The inputs of the stages of row k, for one track that carries `carry` into it."""
    inputs: Inputs = {("carry", i): np.array([v]) for i, v in enumerate(carry)}
    inputs[("dt", 0)] = arrays.dt[k]
    for source, array in (("u", arrays.u), ("row", arrays.row), ("z", arrays.z)):
        values = array[min(track, len(array) - 1), k] if array.shape[2] else []
        inputs |= {(source, i): np.array([v]) for i, v in enumerate(values)}
    return inputs | {("params", i): v for i, v in enumerate(arrays.params)}


def why(model: Model, method: Method, kernel: Kernel, inputs: Inputs, where: str, k: int) -> FoglightError:
    """The error of row k, named `where` in messages: that of its first stage that is present and does not commit."""
    with np.errstate(all="ignore"):
        for index, stage in enumerate(kernel.stages):
            if not interpreter.present(stage, inputs, 1).any():
                continue
            out = stage.program.evaluate(inputs)
            if not bool(np.all(out["commit"][0])):
                return _stage_error(model, method, kernel, index, inputs, out, where, k)
            inputs = inputs | {("carry", i): np.atleast_1d(v) for i, v in enumerate(_carry(stage, out))}
    return NumericalError(
        f"{where} could not be computed. Expected finite numbers. Check the model near it.",
        field="row", index=k, value=k,
    )  # fmt: skip


def _stage_error(
    model: Model, method: Method, kernel: Kernel, index: int, inputs: Inputs, out: Any, where: str, k: int
) -> FoglightError:
    stage = kernel.stages[index]
    if method.joint and index:  # sensors are linearised at a carried point, after a stage that finds it
        index, n = index - 1, len(model.state)
        after = recovery.size(model, method) + adaptation.size(model, method)
        first = len(kernel.carry) - after - n
        inputs = inputs | {("carry", i): inputs[("carry", first + i)] for i in range(n)}
    state = _listed({name: _float(inputs[("carry", i)]) for i, name in enumerate(model.state)})
    for source, i in stage.trigger:
        value = _float(inputs[(source, i)])
        if np.isinf(value):
            name = kernel.labels["z"][i] if source == "z" else "dt"
            return DataError(
                f"{name} = {value} at {where}: expected a finite number, or NaN for a missing reading. Drop the "
                "reading, or run with on_bad='flag'.",
                field=name, index=k, value=value,
            )  # fmt: skip
    bits = {bit for bit, mask in zip(stage.status, out["status"], strict=True) if bool(np.all(mask))}
    if Status.CONTRADICTED in bits and not bits & {Status.NONFINITE, Status.INDEFINITE}:
        values = {kernel.labels["z"][i]: _float(inputs[("z", i)]) for _, i in stage.trigger}
        blind = _blind_component(model, method, index, inputs, list(values.values()))
        if blind is not None:
            name, expected = list(values)[blind[0]], blind[1]
            return NumericalError(
                f"{name} at {where} is {values[name]:.6g}, but it does not depend on the state there, and has no "
                f"noise: it measures nothing, and expected exactly {expected:.6g}. Take it out of the model, or "
                "correct its measure.",
                field=name, index=k, value=values[name],
            )  # fmt: skip
        return NumericalError(
            f"{stage.name} at {where} measures {_listed(values)} without noise, but the state known exactly "
            f"excludes it ({state}). Expected agreement to rounding. "
            f"Give {stage.name} a noise above 0, or the motion, or the start.",
            field=stage.name, index=k, value=values,
        )  # fmt: skip
    unknown = _has_unknown(model, method, kernel, inputs)
    found = _function_error(model, method, index, inputs, where, k, state, unknown)
    if found is not None:
        return found
    if Status.INDEFINITE in bits and Status.NONFINITE not in bits:
        return _indefinite(method, len(model.state), stage, inputs, where, k)
    steep = _slope_error(model, method, index, inputs, where, k, state, unknown)
    if steep is not None:
        return steep
    for label, number in zip(kernel.carry, map(_float, _carry(stage, out)), strict=True):
        if not np.isfinite(number):
            name, what = _described(label)
            return NumericalError(
                f"{what} became {number} after {stage.name} at {where}: expected a finite number. The state before "
                f"was {state}. {_left_table(model, method, index, inputs) or 'Check the model there, or its units.'}",
                field=name, index=k, value=number,
            )  # fmt: skip
    loglik = _float(out["sums"][1]) if out["sums"] else np.nan
    return NumericalError(
        f"the log-likelihood of {stage.name} is {loglik} at {where}: expected a finite number. "
        "Check the scale of its noise, or drop the reading.",
        field=stage.name, index=k, value=loglik,
    )  # fmt: skip


def _blind_component(
    model: Model, method: Method, index: int, inputs: Inputs, z: list[float]
) -> tuple[int, float] | None:
    """The first component with a row of H and a noise of 0 whose reading differs from its prediction, and that."""
    part, numbers = model.sensors[index - 1], FloatInputs(model, method, inputs)
    predicted, H = numbers.curve(part).linearise(numbers.belief.x)
    R = full(sensor_noise(numbers, part))
    for i, (value, expected) in enumerate(zip(z, predicted, strict=True)):
        if not H[i].any() and R[i, i] == 0.0 and abs(value - expected) > 0.0:
            return i, float(expected)
    return None


def _function_error(
    model: Model, method: Method, index: int, inputs: Inputs, where: str, k: int, state: str, unknown: bool
) -> NumericalError | None:
    """The error of the stage's own functions at this state, if what they return is invalid."""
    if model.matrices:  # the functions of a linear model are its matrices: validated, or finite by type
        return None
    numbers = FloatInputs(model, method, inputs)
    part, what, labels = _part(model, index)
    if isinstance(part, Motion) and (long := too_long(part, numbers.dt, where, k)) is not None:
        return long
    with outside() as beyond:
        values = numbers.function(part)(numbers.belief.x).astype(float)
        if isinstance(part, Sensor):
            noise, noise_name = sensor_noise(numbers, part), f"{part.name}.noise"
        else:
            noise, noise_name = motion_noise(numbers), "motion.noise"
    otherwise = "Choose states for which it is defined, such as a logarithm, or guard it with np.where."
    remedy = beyond[0] if beyond else _remedy(part, otherwise)
    for label, value in zip(labels, values, strict=True):
        if not np.isfinite(value):
            return NumericalError(
                f"{what} returned {label} = {value} at {where}, called with {state}: expected a finite number. "
                + (_ROUGH_START if unknown else remedy),
                field=what, index=k, value=float(value),
            )  # fmt: skip
    too_fast = [TOO_FAST] if isinstance(part, Motion) and part.integration is not None else []
    try:
        if isinstance(noise, Factored):
            _check_factored(noise, noise_name)
        else:
            factor_covariance(noise.astype(float), noise_name)
    except ModelError as refused:
        inner = refused.index if isinstance(refused.index, tuple) else (refused.index,)
        return NumericalError(
            " ".join([f"at {where}, called with {state}: {refused}", *(beyond[:1] or too_fast)]),
            field=noise_name, index=(k, *inner), value=refused.value,
        )  # fmt: skip
    return None


def too_long(motion: Motion, dt: Any, where: str, k: int) -> NumericalError | None:
    """The error of a step that is longer than a motion in continuous time is integrated for."""
    if motion.integration is None or not motion.integration.exceeded(dt):
        return None
    longest = motion.integration.longest_step
    return NumericalError(
        f"{where} is {dt:.9g} s after the row before: expected at most longest_step = {longest:.9g} s, for "
        "which the motion is integrated. Make it with a longer longest_step, or add rows without readings between.",
        field="longest_step", index=k, value=float(dt),
    )  # fmt: skip


def _left_table(model: Model, method: Method, index: int, inputs: Inputs) -> str:
    """What a table says that was called beyond its points at a sigma point; "" without such a point, or table."""
    weights = getattr(method, "weights", None)
    if weights is None or model.matrices:
        return ""
    numbers = FloatInputs(model, method, inputs)
    function, x = numbers.function(_part(model, index)[0]), numbers.belief.x
    columns = unscented.points(numbers.belief, weights(len(x))).astype(float)
    with outside() as beyond:
        for column in columns.T:
            for point in (x + column, x - column):
                function(point)
    return beyond[0] if beyond else ""


def _slope_error(
    model: Model, method: Method, index: int, inputs: Inputs, where: str, k: int, state: str, unknown: bool
) -> NumericalError | None:
    """The error of a derivative that is not finite at this state, if the filter takes one."""
    if model.matrices or (method.points is not None and not unknown):
        return None
    part, what, labels = _part(model, index)
    numbers = FloatInputs(model, method, inputs)
    slopes = numbers.curve(part).linearise(numbers.belief.x)[1]
    for i, j in np.argwhere(~np.isfinite(slopes)):
        return NumericalError(
            f"the derivative of {labels[i]} with respect to {model.state[j]} in {what} is {slopes[i, j]} at {where}, "
            f"called with {state}: expected a finite number. "
            + (
                _ROUGH_START
                if unknown
                else _remedy(part, "Start elsewhere, or guard the function at that state with np.where.")
            ),
            field=what, index=k, value=float(slopes[i, j]),
        )  # fmt: skip
    return None


def _remedy(part: Motion | Sensor, own: str) -> str:
    """What to do where a function is not smooth: `own` if it is the user's, who can change it."""
    if isinstance(part, Motion) and part.integration is not None:
        return f"{own} {TOO_FAST}"
    if isinstance(part, Motion) or not is_ready_made(part.measure):
        return own
    return "The target is where the sensor is. Start away from it, such as where the first reading puts the target."


def _part(model: Model, index: int) -> tuple[Motion | Sensor, str, tuple[str, ...]]:
    """The motion or sensor whose function a stage calls, the function's name, and the names of its values."""
    if index == 0:
        return model.motion, "motion.dynamics", model.state
    sensor = model.sensors[index - 1]
    return sensor, f"{sensor.name}.measure", sensor.measures


def _has_unknown(model: Model, method: Method, kernel: Kernel, inputs: Inputs) -> bool:
    """Whether what this kernel carries has unknown directions."""
    engine = engine_of(model, method, "result")
    if not isinstance(engine, TwoPhaseEngine) or kernel is not engine.first.kernel:
        return False
    return any(_float(inputs[("carry", i)]) > 0.0 for i in engine.weights)


def _check_factored(noise: Factored, name: str) -> None:
    """ModelError for a variance that is negative or not finite. G is finite where the result is."""
    for i, v in enumerate(noise.variances.astype(float)):
        if not 0.0 <= v < np.inf:
            raise ModelError(
                f"{name}.variances[{i}] = {v:g}: a variance must be >= 0 and finite. Square the standard deviation.",
                field=name, index=i, value=float(v),
            )  # fmt: skip


def _indefinite(method: Method, n: int, stage: Stage, inputs: Inputs, where: str, k: int) -> NumericalError:
    if not method.factored:
        carry = np.array([_float(inputs[("carry", i)]) for i in range(belief_size(n))])
        sizes = np.linalg.eigvalsh(belief_of(method, carry, n).P)
        return NumericalError(
            f"the covariance of {method!r} is no longer valid before {stage.name} at {where}: its smallest eigenvalue "
            f"is {sizes[0]:.3g}, its largest {sizes[-1]:.3g} (ratio {abs(sizes[-1] / sizes[0]):.1e}). Expected none "
            "below 0. Leave form= out: the default form cannot become indefinite.",
            field="P", index=k, value=float(sizes[0]),
        )  # fmt: skip
    what = "motion.noise" if stage.name == "predict" else f"{stage.name}.noise"
    return NumericalError(
        f"{what} at {where} is not a covariance: a pivot is negative. Expected a symmetric matrix without "
        "negative eigenvalues. Return noise.factored(G, variances), or check the signs.",
        field=what, index=k, value=what,
    )  # fmt: skip


def _described(label: str) -> tuple[str, str]:
    """The state that a carried number belongs to, and its meaning in words: `D[gap,gap]` is the variance of gap."""
    _, bracket, rest = label.partition("[")
    if not bracket:
        return label, label
    first, second = rest.rstrip("]").split(",")
    return first, f"the variance of {first}" if first == second else f"the covariance of {first} and {second}"


def _carry(stage: Any, out: Any) -> Any:
    """The numbers that a stage carries on, from its outputs."""
    return out["carry"][0] if stage.program.on_arrays else out["carry"]


def _float(value: Any) -> float:
    return float(np.squeeze(value))


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} = {value:.6g}" for name, value in values.items())
