"""`fog.news`: which new or revised readings changed a forecast, and by how much.

A forecast of a linear model is a linear function of the readings before it. From an earlier log Ω to a later one Ω',

    E[y | Ω'] - E[y | Ω] = Σ b_i (z'_i - z_i)  +  Σ b_j (z_j - E[z_j | Ω, revised])
                           revised readings       new readings

Bańbura & Modugno 2014, eq. 16; Bańbura, Giannone & Reichlin 2011, §2.3. The weights b come from one more run, in which
each track has one reading moved.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kept import kept
from foglight.compiler.linearity import is_linear_gaussian
from foglight.core import memory
from foglight.core.errors import DataError, ModelError
from foglight.core.text import counted
from foglight.core.timestamps import time_text
from foglight.core.types import Array, ArrayLike
from foglight.data.columns import times_of
from foglight.data.readers.position import kind_of
from foglight.data.table import Table, glance
from foglight.inference.forecast import Forecast, forecast
from foglight.inference.gaussians import Gaussians
from foglight.inference.measured import measured
from foglight.inference.predicted_readings import predicted_readings
from foglight.inference.rows_ahead import last_stamps, rows_ahead, stamps_ahead
from foglight.inference.run import Run
from foglight.inference.smooth import smooth

NEW, REVISED = "new", "revised"


def news(
    before: Run,
    after: Run,
    steps: int | None = None,
    *,
    times: ArrayLike | None = None,
    u: ArrayLike | None = None,
) -> "News":
    """What new and revised readings changed in a forecast: the contribution of each of them.

    A new reading contributes its weight times its difference from what the earlier log says of it. A revised one
    contributes its weight times its revision. All contributions together are the change of the forecast.

    Parameters
    ----------
    before : Run
        Of the earlier log.
    after : Run
        Of the later one, with the same model: with more rows, more readings in rows that lacked them, or other values.
    steps : int, optional
        The number of times ahead of the later log, as in `fog.forecast`. Give either steps or times.
    times : array_like (S,), optional
        Times ahead, as in `fog.forecast`.
    u : array_like (S, n_u), optional
        Controls, as in `fog.forecast`.

    Returns
    -------
    News
        Prints as a table with a line for each new or revised reading; `contribution`, `change`, `columns()`.

    Raises
    ------
    ModelError
        If before or after is not a run, the models or starts differ, the model is not linear, or the method has a
        guard, so that a forecast is no sum over readings.
    DataError
        If a reading of the earlier log is missing in the later one, the log has tracks, the earlier log does not
        determine the state, or the results do not fit in memory.
    TimeError
        If steps or times are invalid.

    Notes
    -----
    Bańbura & Modugno 2014, eq. 16. Revisions come first, with the weights of the earlier log's pattern of readings; the
    new reading is compared with what all revised readings say of it, those before it and those after it.

    Examples
    --------
    >>> found = fog.news(fog.run(model, log[:-2]), fog.run(model, log), steps=3)
    >>> found.contribution.shape, found.change.shape
    ((2, 3, 1), (3, 1))
    >>> bool(np.allclose(found.contribution.sum(axis=0), found.change, rtol=1e-9))
    True
    """
    _comparable(before, after)
    ahead = forecast(after, steps, times=times, u=u)
    lasts = last_stamps(after)
    rows = rows_ahead(
        after, lasts, stamps_ahead(after.log, lasts, steps, times, after._engine.kernel.width), u
    )
    z = after._arrays.z[0]
    old = _on_rows(before, after)
    had = ~np.isnan(old)
    revised, new = np.argwhere(had & (old != z)), np.argwhere(~had & ~np.isnan(z))
    corrected = np.where(had, z, np.nan)
    expected, std = _expected(after, corrected, new)
    size, count = 8 * z.size, len(revised) + len(new)
    what = f"forecasts without each of {counted(count, 'reading')}"
    memory.check_fits(4 * size * (count + 4), what, "Take the news in several steps.", "after", count)

    first, of_revised = _weights(after, rows, old, revised, z[tuple(revised.T)] - old[tuple(revised.T)])
    given = corrected.copy()
    given[tuple(new.T)] = expected
    difference = z[tuple(new.T)] - expected
    _, of_new = _weights(after, rows, given, new, np.maximum(np.abs(difference), std))
    changed = _Changed(
        at=np.concatenate([revised, new]),
        value=z[tuple(np.concatenate([revised, new]).T)],
        expected=np.concatenate([old[tuple(revised.T)], expected]),
        new=np.arange(count) >= len(revised),
    )
    return News(after, ahead, changed, first, np.concatenate([of_revised, of_new]))


class _Changed(NamedTuple):
    """J readings: at (J, 2), the row and the component of each; what was read, and what was expected."""

    at: NDArray[np.int64]
    value: Array
    expected: Array
    new: NDArray[np.bool_]


class News(Table):
    """What J new and revised readings changed in a forecast, as `fog.news` returns it.

    Arrays are for S times ahead and M measures.

    Attributes
    ----------
    before : ndarray (S, M)
        The forecast from the earlier log, in units of the measures.
    after : ndarray (S, M)
        The forecast from the later one.
    change : ndarray (S, M)
        Their difference.
    weight : ndarray (J, S, M)
        By how much the forecast moves when a reading moves by one unit.
    contribution : ndarray (J, S, M)
        weight x difference of each reading; their sum is the change.
    kind : ndarray of str (J,)
        "new" or "revised".
    value : ndarray (J,)
        The readings.
    expected : ndarray (J,)
        What the earlier log says of a new reading; the earlier value of a revised one.
    difference : ndarray (J,)
        value - expected.
    measures : tuple of str
        Full names of the measures, such as `gauge.flow`.
    forecast : Forecast
        The forecast from the later log, with its uncertainty.
    log : Log
        The later log.

    Examples
    --------
    >>> found = fog.news(fog.run(model, log[:-1]), fog.run(model, log), steps=1)
    >>> found.kind, (found.after - found.before - found.change).max()
    (array(['new'], dtype='<U7'), np.float64(0.0))
    """

    def __init__(self, run: Run, ahead: Forecast, changed: _Changed, before: Array, weight: Array) -> None:
        self.log, self.forecast = run.log, ahead
        self.measures = run.model.components
        order = np.lexsort((changed.at[:, 1], changed.at[:, 0]))
        self._row, component = changed.at[order].T
        self._name = np.array(self.measures)[component]
        self.kind = np.where(changed.new[order], NEW, REVISED)
        self.value, self.expected = changed.value[order], changed.expected[order]
        self.weight = weight[order]
        self.before = before
        self.after = np.concatenate([part.mean for part in ahead.sensors.values()], axis=1)

    @property
    def difference(self) -> Array:
        """value - expected of each reading (J,)."""
        return np.asarray(self.value - self.expected)

    @property
    def contribution(self) -> Array:
        """What each reading changed in the forecast (J, S, M)."""
        return np.asarray(self.weight * self.difference[:, None, None])

    @property
    def change(self) -> Array:
        """By how much the forecast changed (S, M)."""
        return np.asarray(self.after - self.before)

    def __len__(self) -> int:
        return len(self._row)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The contributions as named columns, one entry for each reading, time ahead and measure.

        Returns
        -------
        dict of str to ndarray (J S M,)
            time, name and kind of the reading, value, expected, difference, then step (1 for the first time ahead),
            target (the measure that is forecast), weight and contribution.
        """
        J, S, M = self.weight.shape
        each = {name: np.repeat(values, S * M) for name, values in self._of_readings().items()}
        return {
            **each,
            "step": np.tile(np.repeat(np.arange(1, S + 1), M), J),
            "target": np.tile(np.array(self.measures), J * S),
            "weight": self.weight.ravel(),
            "contribution": self.contribution.ravel(),
        }

    def __repr__(self) -> str:
        new = int((self.kind == NEW).sum())
        changes = ", ".join(
            f"{name} {old:.6g} -> {now:.6g}"
            for name, old, now in zip(self.measures, self.before[0], self.after[0], strict=True)
        )
        return f"News({counted(new, 'new reading')}, {len(self) - new} revised; next {changes})"

    def __str__(self) -> str:
        if not len(self):
            return repr(self)
        cells = [(name, values, None) for name, values in self._of_readings().items()]
        steps = dict.fromkeys((0, self.weight.shape[1] - 1))
        found = self.contribution
        cells += [
            (f"{name} +{h + 1}", found[:, h, j], None) for j, name in enumerate(self.measures) for h in steps
        ]
        dates = self._dates()
        return glance(
            repr(self), cells, None if dates is None else (self.log.time_ns[self._row], dates[1]), digits=6
        )

    def _of_readings(self) -> dict[str, NDArray[Any]]:
        """The columns of the readings (J,)."""
        return {
            "time": times_of(self.log.time_ns[self._row], self.log.calendar),
            "name": self._name,
            "kind": self.kind,
            "value": self.value,
            "expected": self.expected,
            "difference": self.difference,
        }

    def _stamps(self) -> NDArray[Any] | None:
        return np.repeat(self.log.time_ns[self._row], self.weight.shape[1] * self.weight.shape[2])


def _comparable(before: Any, after: Any) -> None:
    """Raise an error unless these are runs of which one may have news for the other."""
    for name, run in (("before", before), ("after", after)):
        if not isinstance(run, Run):
            raise ModelError.expected(
                name,
                run,
                "what fog.run returned",
                "Write fog.news(fog.run(model, earlier), fog.run(model, log), steps=3).",
            )
        if run._many:
            raise DataError(
                f"{name}: its log has tracks, and news is of one series: expected a log of one track. Run each track.",
                field=name, value=len(run._carry),
            )  # fmt: skip
    model, method = after.model, after.method
    same = ("state", "components", "parameters", "controls")
    differ = [what for what in same if getattr(before.model, what) != getattr(model, what)]
    differ += ["start"] * (not differ and not np.array_equal(before._arrays.carry, after._arrays.carry))
    if repr(before.method) != repr(method) or differ:
        field = "method" if repr(before.method) != repr(method) else differ[0]
        raise ModelError(
            f"before and after have different {field}, so that not only readings changed the forecast: expected runs "
            "of one model. Write fog.run(after.model, before.log, method=after.method).",
            field="before", value=field,
        )  # fmt: skip
    scaled = next((sensor for sensor in model.sensors if sensor.transform is not None), None)
    if scaled is not None:
        raise ModelError(
            f"news: {scaled.name} is modelled on another scale ({scaled.transform}), on which its forecast is a sum "
            "over readings, but not in its unit: expected a series as it is. Transform the column of the log, and "
            "leave log and boxcox out of the model.",
            field="after", value=str(scaled.transform),
        )  # fmt: skip
    guards = [name for name in ("gate", "huber", "student") if getattr(method, name) is not None]
    guards += ["adapt"] * bool(method.adaptations)
    linear = kept(model, ("linear and Gaussian",), lambda: is_linear_gaussian(model))
    if guards or not linear or model.motion.angles or any(sensor.angles for sensor in model.sensors):
        reason = f"{method!r} has {guards[0]}" if guards else "the model is not linear, or has angles"
        raise ModelError(
            f"news: {reason}, so that a forecast is no sum over readings: expected a linear model and a plain method. "
            "Compare fog.forecast(before, …) with fog.forecast(after, …).",
            field="after", value=guards[0] if guards else repr(method),
        )  # fmt: skip


def _on_rows(before: Run, after: Run) -> Array:
    """The readings (T, M) of the earlier log on the rows of the later one; NaN where it had none."""
    kind, stamps, old = kind_of(after.log.origin), after.log.time_ns, before._arrays.z[0]
    began, begins = (time_text(int(log.time_ns[0]), kind) for log in (before.log, after.log))
    if before.log.time_ns[0] != stamps[0] or before._arrays.dt[0] != after._arrays.dt[0]:
        raise DataError(
            f"before begins at {began}, after at {begins}: expected the same first row, and the same start_time, since "
            "the model's start holds then. Begin the earlier log with rows of NaN.",
            field="before", index=0, value=int(before.log.time_ns[0]),
        )  # fmt: skip
    rows = {key: row for row, key in enumerate(_keys(stamps))}
    found = np.full(after._arrays.z[0].shape, np.nan)
    names = after.model.components
    for k, key in enumerate(_keys(before.log.time_ns)):
        row, has = rows.get(key), ~np.isnan(old[k])
        if row is not None:
            found[row] = old[k]
            has &= np.isnan(after._arrays.z[0, row])
        for component in np.flatnonzero(has)[:1]:
            raise DataError(
                f"{names[component]} of before at {time_text(key[0], kind)} = {old[k, component]:g} is missing in "
                "after: expected every earlier reading, as it was or revised. Keep it, or leave it out of both.",
                field="after", index=k, value=float(old[k, component]),
            )  # fmt: skip
    return found


def _keys(stamps: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Each stamp, and how many rows before it have the same."""
    starts = np.flatnonzero(np.append(True, stamps[1:] != stamps[:-1]))
    number = np.arange(len(stamps)) - np.repeat(starts, np.diff(starts, append=len(stamps)))
    return list(zip(stamps.tolist(), number.tolist(), strict=True))


def _expected(run: Run, z: Array, at: NDArray[np.int64]) -> tuple[Array, Array]:
    """What readings z (T, M) say about those at rows and components (J, 2), which are missing in z: mean and std."""
    arrays = replace(run._arrays, z=z[None])
    engine = engine_of(run.model, run.method, "result")
    smoothed = smooth(Run(run.model, run.log, run.method, engine, arrays, *engine.run(arrays), run._marks))
    found = measured(run.model, arrays, smoothed._unlimited[:, :, : len(run.model.state)], "news()")
    row, component = at.T
    beliefs = Gaussians(run.model, smoothed.method, smoothed._unlimited, True, smoothed._unknown)
    H, P, x = (
        found.H[0][row, component],
        beliefs.cov[row],
        smoothed._unlimited[0, row, : len(run.model.state)],
    )
    variance = np.einsum("ji,jik,jk->j", H, P, H) + found.R[0][row, component, component]
    if not np.isfinite(variance).all():
        j = int(np.flatnonzero(~np.isfinite(variance))[0])
        raise DataError(
            f"the earlier log does not determine {run.model.components[component[j]]} in row {row[j]}, so that "
            "no reading can differ from it there: expected a log that resolves the start. Give a start with a finite "
            "std, or a longer log.",
            field="before", index=int(row[j]), value=float(run._arrays.z[0, row[j], component[j]]),
        )  # fmt: skip
    return np.einsum("ji,ji->j", H, x) + found.d[0][row, component], np.sqrt(variance)


def _weights(run: Run, ahead: Arrays, z: Array, at: NDArray[np.int64], step: Array) -> tuple[Array, Array]:
    """The forecast (S, M) from readings z (T, M), and its derivatives (J, S, M) by those at rows and components (J, 2),
    which are moved by these steps (J,)."""
    tracks = np.broadcast_to(z, (len(at) + 1, *z.shape)).copy()
    tracks[(np.arange(1, len(at) + 1), *at.T)] += step
    engine = engine_of(run.model, run.method, "last")
    carry, _ = engine.run(replace(run._arrays, z=tracks))
    if isinstance(engine, TwoPhaseEngine) and carry[:, engine.weights].any():
        raise DataError(
            "the earlier log does not determine the state in its last row, so that its forecast is unbounded: expected "
            "a log that resolves the start. Give a start with a finite std, or a longer earlier log.",
            field="before", value="unbounded",
        )  # fmt: skip
    carry[:, -2:] = 0.0
    scan = replace(ahead, carry=carry)
    records = engine_of(run.model, run.method, "result").run(scan)[1]
    found = predicted_readings(run.model, run.method, scan, records)
    h = np.concatenate([found[sensor.name][0] for sensor in run.model.sensors], axis=2)
    moved = tracks[(np.arange(1, len(at) + 1), *at.T)] - z[tuple(at.T)]
    return h[0], (h[1:] - h[0]) / moved[:, None, None]
