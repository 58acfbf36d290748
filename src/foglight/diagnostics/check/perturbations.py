"""The perturbations of a model, one for each thing that may be wrong with it: numbers that are 0 at the model itself.

A perturbation of a noise is the logarithm of a factor on its standard deviation. Biases, gains and drifts have units of
their own, about the error that one reading can reveal; perturbations are thus comparable, and independent of the units
of the model.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.kept import kept
from foglight.core.types import Floats
from foglight.diagnostics.check.effort import Progress
from foglight.diagnostics.check.gated_readings import ungated
from foglight.diagnostics.check.innovations import Innovations, innovations_of, recorded, track_of
from foglight.diagnostics.check.perturbed_model import Q_SCALE, unused_name, with_perturbations
from foglight.inference.prepare import row_values
from foglight.inference.run import Run
from foglight.methods.method import Method
from foglight.model.model import MOTION, Model, parameter_values

FACTORS = ("q", "own", "r")  # kinds of perturbations that are logarithms of factors
OFFSETS = ("bias", "drift")  # kinds of perturbations that only shift innovations


@dataclass(frozen=True)
class Perturbation:
    """kind: q, own (a parameter of the process noise), r, bias, gain, drift or start.  index: of the component of z, or
    of the state.  name: of the parameter that it changes.  unit: the size of a perturbation of 1, except for FACTORS.
    """

    kind: str
    index: int
    name: str
    unit: float = 1.0

    def parameter(self, neutral: float, amount: float) -> float:
        """The value of the parameter at this amount of the perturbation."""
        return neutral * float(np.exp(amount)) if self.kind in FACTORS else neutral + self.unit * amount


class PerturbedModel(Protocol):
    """One model on one log under perturbations. original: the model without them."""

    perturbations: tuple[Perturbation, ...]
    model: Model
    original: Model
    guards: Method
    track: NDArray[np.int64]

    def recorded(self, theta: Floats) -> Floats:
        """The innovations with perturbations theta, as `innovations.recorded` returns them."""


def perturbed_model_of(
    run: Run,
    rows: int,
    keep: NDArray[np.bool_] | None,
    kinds: tuple[str, ...] = (),
    progress: Progress | None = None,
    found: Innovations | None = None,
) -> "PerturbedModel":
    """The perturbed model of a run, on about its first `rows` rows; kinds: of perturbations, () for all.

    keep (tracks, T, M): the readings that count; others are taken as missing, as the gate of the run left them out.
    progress: called with the number of rows filtered after each scan.  found: the innovations of the run, if they are
    known.
    """
    method, arrays = ungated(run)
    if keep is not None:
        arrays = replace(arrays, z=np.where(keep, arrays.z, np.nan))
    arrays = shortened(arrays, rows)
    kind: Any = PerturbedRows if run.model.rows else PerturbedParameters
    typical = (innovations_of(run) if found is None else found).typical
    perturbed: PerturbedModel = kind(run, method, arrays, progress, typical)
    if kinds:
        perturbed.perturbations = tuple(p for p in perturbed.perturbations if p.kind in kinds)
    return perturbed


def extension_is_compiled(run: Run) -> bool:
    """Whether the perturbed model of a run is compiled: it has more operations than the model itself."""
    if run.model.rows or not run._engine.same_bits:
        return run._engine.same_bits
    return engine_of(_extended(run.model), ungated(run)[0], "innovations").same_bits


def shortened(arrays: Arrays, rows: int) -> Arrays:
    """About this number of rows of all tracks together: the first tracks, or the first rows if there is one track."""
    T = len(arrays.dt)
    if arrays.first is not None:
        last = int(
            np.searchsorted(arrays.first, max(rows, arrays.first[min(1, len(arrays.first) - 1)]), "right")
        )
        ends = [*arrays.first.tolist(), T]
        cut = min(ends[max(last - 1, 1)] if T > rows else T, T)
        first = arrays.first[arrays.first < cut]
        u, row, z = (a[:, :cut] for a in (arrays.u, arrays.row, arrays.z))
        carry = arrays.carry[: len(first)]
        return replace(arrays, dt=arrays.dt[:cut], u=u, row=row, z=z, carry=carry, first=first)
    tracks = max(1, min(arrays.tracks, rows // T))
    cut = min(T, rows)
    u, row, z, carry = (a[:tracks] for a in (arrays.u, arrays.row, arrays.z, arrays.carry))
    dt, u, row, z = arrays.dt[:cut], *(a[:, :cut] for a in (u, row, z))
    return replace(arrays, dt=dt, u=u, row=row, z=z, carry=carry)


class _Perturbed:
    """What both kinds share: the perturbations, and those of the start, which are applied to the carry of a run."""

    def __init__(self, run: Run, method: Method, arrays: Arrays, progress: Progress | None) -> None:
        self.log, self.method, self.arrays = run.log, method, arrays
        self._progress = progress
        self.guards = run.method
        self.track = track_of(arrays)
        model = run.model
        self.model: Model = model
        self.original = model
        self.perturbations: tuple[Perturbation, ...] = ()
        starts = (
            []
            if model.start is None
            else [j for j, d in enumerate(model.start.factor[1]) if 0.0 < d < np.inf]
        )
        self._starts = [Perturbation("start", j, model.state[j]) for j in starts]

    def moved(self, theta: Floats) -> Arrays:
        """The arrays that the scan reads under perturbations theta."""
        arrays = self._moved(theta)
        carry = arrays.carry
        for perturbation, value in zip(self.perturbations, theta, strict=True):
            if perturbation.kind == "start" and value:
                assert self.model.start is not None
                U, D = self.model.start.factor
                carry = carry.copy()
                carry[:, : len(D)] += value * np.sqrt(D[perturbation.index]) * U[:, perturbation.index]
        return replace(arrays, carry=carry)

    def recorded(self, theta: Floats) -> Floats:
        """The innovations with perturbations theta, as `innovations.recorded` returns them."""
        self.count()
        return recorded(self.model, self.method, self.moved(theta))

    def count(self) -> None:
        """Count the rows of one more scan."""
        if self._progress is not None:
            self._progress(len(self.track))

    def _moved(self, theta: Floats) -> Arrays:
        raise NotImplementedError


def _extended(model: Model) -> Model:
    """The extended model of a model of functions, with its parameters and start."""
    extended = kept(model, ("extended",), lambda: with_perturbations(model))
    values = {name: float(value) for name, value in model.parameters.items()}
    return extended.with_parameters(values).with_start(model.start)


class PerturbedParameters(_Perturbed):
    """A model of functions: the perturbations are parameters of the extended model."""

    def __init__(
        self, run: Run, method: Method, arrays: Arrays, progress: Progress | None, typical: Floats
    ) -> None:
        super().__init__(run, method, arrays, progress)
        self.model = _extended(run.model)
        self._names = tuple(self.model.parameters)
        self._neutral = parameter_values(self.model)
        self.perturbations = (*perturbations_of(run, typical), *self._starts)

    def _moved(self, theta: Floats) -> Arrays:
        params = self._neutral.copy()
        for perturbation, value in zip(self.perturbations, theta, strict=True):
            if perturbation.kind != "start":
                k = self._names.index(perturbation.name)
                params[k] = perturbation.parameter(params[k], value)
        return replace(self.arrays, params=params)


class PerturbedRows(_Perturbed):
    """A linear model with matrices by row: the perturbations change the rows."""

    def __init__(
        self, run: Run, method: Method, arrays: Arrays, progress: Progress | None, typical: Floats
    ) -> None:
        super().__init__(run, method, arrays, progress)
        model, T = run.model, len(run.log)
        given = {
            name: model.rows.get(name, model.matrices.get(name))
            for name in ("F", "H", "b", "d", "R", "Q_G", "Q_v")
        }
        rows = {
            name: array if name in model.rows else np.broadcast_to(array, (T, *array.shape))
            for name, array in given.items()
            if array is not None
        }
        key = ("extended", tuple(sorted(model.rows)))
        self.model = replace(model, rows=rows, matrices={}).keeping(kept(model, key, dict))
        self.perturbations = (*[p for p in perturbations_of(run, typical) if p.kind != "own"], *self._starts)

    def _moved(self, theta: Floats) -> Arrays:
        rows = dict(self.model.rows)
        dt = np.zeros(len(self.log))
        dt[: len(self.arrays.dt)] = self.arrays.dt
        m = rows["H"].shape[1]
        scale, gain, bias, drift = np.ones(m), np.ones(m), np.zeros(m), np.zeros(rows["F"].shape[1])
        q = 1.0
        for p, value in zip(self.perturbations, theta, strict=True):
            if p.kind == "q":
                q = p.parameter(1.0, value)
            elif p.kind in ("r", "gain"):
                (scale if p.kind == "r" else gain)[p.index] = p.parameter(1.0, value)
            elif p.kind in ("bias", "drift"):
                (bias if p.kind == "bias" else drift)[p.index] = p.parameter(0.0, value)
        rows["Q_v"] = rows["Q_v"] * q**2
        rows["R"] = rows["R"] * np.outer(scale, scale)
        rows["H"] = rows["H"] * gain[:, None]
        rows["d"] = rows["d"] * gain + bias
        rows["b"] = rows["b"] + drift * dt[:, None]
        values = row_values(replace(self.model, rows=rows), len(dt))
        return replace(self.arrays, row=values[None, : len(self.arrays.dt)])


def perturbations_of(run: Run, typical: Floats) -> list[Perturbation]:
    """The perturbations of a run's model, except those of its start, with units from what the run reports.

    typical (M,): the standard deviation of each component of z, NaN if it was never used."""
    model = run.model
    M = run.innovation.shape[-1]
    z = np.where(np.isnan(run.innovation), np.nan, run._received).reshape(
        -1, M
    )  # the readings that were used
    labels = [(sensor, name) for sensor in model.sensors for name in sensor.measures]
    motion = model.motion
    perturbations = [Perturbation("q", 0, f"{MOTION}.{unused_name(Q_SCALE, '', motion.params)}")]
    own = noise_parameters(model)
    if len(own) > 1:
        full = model.full_names(MOTION)
        perturbations += [Perturbation("own", k, full[name]) for k, name in enumerate(own)]
    for i, (sensor, name) in enumerate(labels):
        unit = float(typical[i])
        if np.isnan(unit):
            continue
        used = z[~np.isnan(z[:, i]), i]
        size = float(np.sqrt(np.mean(used**2))) if len(used) else 0.0
        r_scale, bias, gain = (
            f"{sensor.name}.{unused_name(kind, name, sensor.params)}" for kind in ("r_scale", "bias", "gain")
        )
        perturbations.append(Perturbation("r", i, r_scale))
        perturbations.append(Perturbation("bias", i, bias, unit))
        if size > 0.0:
            perturbations.append(Perturbation("gain", i, gain, unit / size))
    dt = run._arrays.dt
    step = float(np.median(dt[dt > 0.0])) if (dt > 0.0).any() else 0.0
    std = run.filtered.std.reshape(-1, len(model.state))
    for j, name in enumerate(model.state):
        known = std[:, j][np.isfinite(std[:, j])]
        unit = float(np.median(known)) / step if step and len(known) else 0.0
        if unit > 0.0:
            drift = f"{MOTION}.{unused_name('drift', name, motion.params)}"
            perturbations.append(Perturbation("drift", j, drift, unit))
    return perturbations


def sizes_of(model: Model, kinds: tuple[str, ...] = ()) -> tuple[int, int]:
    """The number of components of all sensors, and about that of perturbations; kinds: () for all."""
    components, states = len(model.components), len(model.state)
    each = {"r": components, "bias": components, "gain": components, "drift": states, "start": states, "q": 1}
    return components, sum(number for kind, number in each.items() if not kinds or kind in kinds)


def noise_parameters(model: Model) -> list[str]:
    """The motion's parameters that scale some of its process noise and do not enter its dynamics."""
    from foglight.diagnostics.check.scaling_parameters import scales_noise_only

    return [name for name in model.motion.params if scales_noise_only(model, name)]
