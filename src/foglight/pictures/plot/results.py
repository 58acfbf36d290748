"""What a picture reads of a result: its run, its model, and the statistics of its innovations."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.kept import kept
from foglight.compiler.linearity import is_linear
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.diagnostics.check.health import Health, PlotData
from foglight.diagnostics.check.innovations import Innovations, innovations_of
from foglight.diagnostics.check.series import plot_data_of
from foglight.diagnostics.compare.compare import Comparison
from foglight.inference.gaussians import Gaussians
from foglight.inference.linearised import sensor_jacobians
from foglight.inference.measured import values_along
from foglight.inference.run import Run
from foglight.inference.run import run as filtered
from foglight.inference.smooth import Smoothed
from foglight.model.model import Model, opaque_functions
from foglight.pictures.plot.canvas import with_unit
from foglight.tuning.em import EMFit
from foglight.tuning.fit import Fit

RUNS = "a Run, or a Smoothed, Comparison or Fit, which have one"
_LEVEL = 0.05  # of bands
_DIRECT: WeakKeyDictionary[Run, dict[str, list[tuple[int, float, float]]]] = (
    WeakKeyDictionary()
)  # of runs that are in use


def run_of(result: Any, what: str) -> Run:
    """The run behind a result; of a comparison the best one, of a fit that of the tuned model. ModelError if none."""
    if isinstance(result, Run):
        return result
    if isinstance(result, Smoothed):
        return result.run
    if isinstance(result, Comparison):
        return result.runs[repr(result.best)]
    if isinstance(result, Fit | EMFit):
        return filtered(result.model, result.log)
    raise refusal(what, result, RUNS)


def refusal(what: str, result: Any, expected: str) -> ModelError:
    """The error about a result that has no such picture."""
    return ModelError(
        f"{what}({type(result).__name__}): expected {expected}. Draw another picture of it with fog.plot.",
        field="result", value=type(result).__name__,
    )  # fmt: skip


def statistics_of(result: Any, what: str) -> tuple[Mapping[str, PlotData], Innovations | None]:
    """nis, whiteness, coverage and drift of a `Health`, or of the run of another result, then with its innovations."""
    if isinstance(result, Health):
        return {name: getattr(result, name) for name in ("nis", "whiteness", "coverage", "drift")}, None
    if not isinstance(result, Run | Smoothed | Comparison | Fit | EMFit):
        raise refusal(what, result, f"a Health, {RUNS}")
    run = run_of(result, what)
    with np.errstate(over="ignore", invalid="ignore"):
        found = innovations_of(run)
    return plot_data_of(run, found, _LEVEL), found


def named(beliefs: Gaussians) -> dict[str, tuple[Floats, Floats | None]]:
    """{state: its means (…, T) and standard deviations (…, T), None for a number of a rotation}."""
    at = {j: i for i, j in beliefs._charts.plain}
    mean, std = beliefs.mean, beliefs.std
    return {
        name: (mean[..., j], std[..., at[j]] if j in at else None)
        for j, name in enumerate(beliefs._charts.ambient)
    }


def unit_of(model: Model, name: str) -> str:
    """The unit of a state, of a component such as `radar.range`, or of a parameter by its full name; "" if unknown."""
    part, _, own = name.rpartition(".")
    owner = next((sensor for sensor in model.sensors if sensor.name == part), model.motion)
    return owner.units.get(own if part else name, "")


def labelled(model: Model, name: str) -> str:
    """`gap (m)`."""
    return with_unit(name, unit_of(model, name))


def direct(run: Run) -> dict[str, list[tuple[int, float, float]]]:
    """The components that read one state each, z = h x + d, by state: their number, h and d.

    Only of sensors that are linear, and whose h and d are the same in the first, the middle and the last row.
    """
    if run not in _DIRECT:
        _DIRECT[run] = _direct(run)
    return _DIRECT[run]


def know_as(run: Run, earlier: Run) -> None:
    """Take over what is known of an earlier run's readings, if neither the sensors nor the log have changed since."""
    if earlier in _DIRECT:
        _DIRECT[run] = _DIRECT[earlier]


def _direct(run: Run) -> dict[str, list[tuple[int, float, float]]]:
    model, arrays = run.model, run._arrays
    if opaque_functions(model) or model.charts.parts or not len(arrays.dt):
        return {}
    linear = [
        kept(model, ("linear", sensor.name), partial(is_linear, model, sensor)) for sensor, _ in model.blocks
    ]
    program = sensor_jacobians(model)
    n, M, rows = len(model.state), len(model.components), len(arrays.dt)
    seen = []
    for k in sorted({0, rows // 2, rows - 1}):
        found = values_along(program, arrays.rows_of(k, k + 1), np.zeros((1, 1, n)))
        H, d = ([float(np.asarray(v, float).flat[0]) for v in found[name]] for name in ("H", "h"))
        seen.append(np.column_stack([np.reshape(H, (M, n)), d]))
    direct_to: dict[str, list[tuple[int, float, float]]] = {}
    for sound, (_, at) in zip(linear, model.blocks, strict=True):
        for j in range(at.start, at.stop):
            h = seen[0][j]
            (states,) = np.nonzero(h[:n])
            if sound and len(states) == 1 and all(np.array_equal(other[j], h) for other in seen):
                direct_to.setdefault(model.state[states[0]], []).append((j, float(h[states[0]]), float(h[n])))
    return direct_to


def readings_of(run: Run, state: str) -> list[tuple[str, NDArray[Any]]]:
    """What each sensor that reads this state directly says of it: the component, and (x - d)/h of its readings."""
    return [
        (run.model.components[j], (run._received[..., j] - d) / h) for j, h, d in direct(run).get(state, [])
    ]


def band_of(model: Model, name: str, x: Floats, s: Floats, z: float) -> tuple[Floats, Floats]:
    """x ± z std of a state (T,), cut off at its limits."""
    off = z * np.where(np.isfinite(s), s, np.nan)
    low, high = model.motion.limits.get(name, (-np.inf, np.inf))
    return np.maximum(x - off, low), np.minimum(x + off, high)
