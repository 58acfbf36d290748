"""What a notebook shows of each kind of object."""

from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.core.errors import FoglightError
from foglight.data.log import Log
from foglight.diagnostics.check.health import Health
from foglight.diagnostics.compare.compare import Comparison
from foglight.inference.forecast import Forecast
from foglight.inference.fuse import Fused
from foglight.inference.gaussians import Gaussians
from foglight.inference.run import Run
from foglight.inference.smooth import Smoothed
from foglight.model.belief import Belief
from foglight.model.model import Model
from foglight.pictures.notebook.markup import bullets, page, preformatted, sparkline, table
from foglight.pictures.plot.results import named, unit_of
from foglight.pictures.plot.tracks import Track, track_of
from foglight.tuning.fit import Fit

_MOST = 5_000_000  # numbers of all rows' covariances, above which a table shows the last row only


def view_of(result: Any) -> str:
    """The HTML of an object; as it prints if it has no view of its own."""
    for kind, view in _VIEWS:
        if isinstance(result, kind):
            try:
                return view(result)
            except FoglightError:
                break
    return page(preformatted(str(result)))


def _fused(fused: Fused) -> str:
    return _belief(fused.belief)


def _belief(belief: Belief) -> str:
    std = dict(
        zip(belief.charts.state if belief.charts.parts else range(len(belief.mean)), belief.std, strict=True)
    )
    rows: list[list[Any]] = []
    for i, mean in enumerate(belief.mean):
        name = belief.names[i] if belief.names else f"[{i}]"
        spread = std.get(name if belief.charts.parts else i, np.nan)
        rows.append([name, float(mean), "unknown" if np.isinf(spread) else float(spread)])
    rows += [
        [name, "", float(s)] for name, s in std.items() if belief.charts.parts and name not in belief.names
    ]
    return page(table(["state", "mean", "std"], rows))


def _model(model: Model) -> str:
    start = model.start
    rows = []
    for i, name in enumerate(model.ambient):
        mean: Any = "unknown" if start is None else float(start.mean[i])
        std: Any = "unknown"
        if start is not None:
            j = model.state.index(name) if name in model.state else None
            std = "" if j is None else "unknown" if np.isinf(start.std[j]) else float(start.std[j])
        rows.append([name, model.motion.units.get(name, ""), mean, std])
    sensors = [
        [sensor.name, ", ".join(_with_unit(sensor, measure) for measure in sensor.measures)]
        for sensor in model.sensors
    ]
    params = [[name, float(value), unit_of(model, name)] for name, value in model.parameters.items()]
    return page(
        table(["state", "unit", "start", "std"], rows),
        table(["sensor", "measures"], sensors),
        table(["parameter", "value", "unit"], params) if params else "",
    )


def _with_unit(sensor: Any, measure: str) -> str:
    unit = sensor.units.get(measure, "")
    return f"{measure} ({unit})" if unit else measure


def _log(log: Log) -> str:
    at, rows = track_of(log), []
    for name, values in log.columns().items():
        if name in ("time", "track"):
            continue
        there = values[np.isfinite(values)]
        least, most = (float(there.min()), float(there.max())) if len(there) else (np.nan, np.nan)
        first = at.of(values.reshape(log.tracks, -1) if log.tracks is not None else values)
        rows.append(
            [name, len(there), len(values) - len(there), least, most, sparkline(at.time, first, label=name)]
        )
    return page(repr(log), table(["column", "readings", "missing", "least", "most", ""], rows), *at.notes)


def _states(beliefs: Gaussians, at: Track, model: Model) -> list[list[Any]]:
    """A row for each state: its last mean and std, and a sparkline with its band."""
    rows = []
    for name, (mean, std) in named(beliefs).items():
        x, s = at.of(mean), None if std is None else at.of(std)
        last: Any = np.nan if s is None else float(s[-1])
        low, high = (None, None) if s is None else (x - 2.0 * s, x + 2.0 * s)
        drawn = sparkline(at.time, x, low, high, name)
        rows.append(
            [
                name,
                model.motion.units.get(name, ""),
                float(x[-1]),
                "unknown" if np.isinf(last) else last,
                drawn,
            ]
        )
    return rows


_STATES = ("state", "unit", "last row", "std", "mean ± 2 std")


def _run(run: Run) -> str:
    at = track_of(run.log)
    if len(at.time) * len(run.model.state) ** 2 > _MOST:
        return page(repr(run), preformatted(repr(run.belief)))
    return page(repr(run), table(_STATES, _states(run.filtered, at, run.model)), *at.notes)


def _smoothed(found: Smoothed) -> str:
    at = track_of(found.log)
    return page(repr(found), table(_STATES, _states(found, at, found.model)), *at.notes)


def _forecast(ahead: Forecast) -> str:
    at = track_of(ahead.log, None, ahead._time_ns, ahead.track)
    rows = []
    for sensor, part in ahead.sensors.items():
        low, high = (at.of(end) for end in part.interval(0.95))
        mean = at.of(part.mean)
        for j, measure in enumerate(part.names):
            name = f"{sensor}.{measure}"
            drawn = sparkline(at.time, mean[:, j], low[:, j], high[:, j], label=name)
            ends = f"{low[-1, j]:.6g} to {high[-1, j]:.6g}"
            rows.append([name, float(mean[0, j]), float(mean[-1, j]), ends, drawn])
    return page(repr(ahead), table(["measure", "first", "last", "95 % of the last", ""], rows), *at.notes)


def _health(health: Health) -> str:
    rows = [
        [row.statistic, row.subject, row.value, row.low, row.high, "" if row.inside else "outside"]
        for row in health.rows
    ]
    nis, at = health.nis.columns(), track_of(health.nis.log)
    drawn = []
    for name, values in nis.items():
        if name.startswith("nis."):
            mine = values if "track" not in nis else values[nis["track"] == at.number]
            drawn.append([name.removeprefix("nis."), sparkline(at.time, mine, label=f"NIS of {name[4:]}")])
    return page(
        health._summary(),
        health.title,
        bullets([f"{finding.code}: {finding.sentence}" for finding in health.findings]),
        table(["statistic", "of", "value", "low", "high", ""], rows),
        table(["sensor", "NIS"], drawn),
        bullets([f"Note: {note}" for note in health.notes[:5]]),
    )


def _fit(fit: Fit) -> str:
    intervals, errors = fit.intervals, fit.std_errors
    rows = []
    for name, value in fit.params.items():
        low, high = intervals.get(name, (np.nan, np.nan))
        rows.append([name, value, unit_of(fit.model, name), float(errors[name]), float(low), float(high)])
    path = fit.columns()["loglik"].astype(float)
    return page(
        str(fit).partition("\n")[0],
        table(["parameter", "value", "unit", "std error", "95 % from", "to"], rows),
        table(
            ["log-likelihood by iteration"], [[sparkline(np.arange(len(path)), path, label="log-likelihood")]]
        ),
        bullets(fit.advice),
    )


def _comparison(found: Comparison) -> str:
    columns = found.columns()
    shown = [name for name in columns if name not in ("refused",)]
    rows = [[columns[name][k] for name in shown] for k in range(len(found.rows))]
    rows = [[str(value) if isinstance(value, str) else value for value in row] for row in rows]
    nis = [
        [row.name, sparkline(row.run.time, row.run.nis, label=f"NIS of {row.name}")]
        for row in found.rows
        if row.run is not None and row.run.nis.ndim == 1
    ]
    refused = [f"{row.name}: {row.refused}" for row in found.rows if row.refused]
    advice = found.advice[0].upper() + found.advice[1:]
    return page(advice, table(shown, rows), table(["method", "NIS"], nis) if nis else "", bullets(refused))


_VIEWS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (Belief, _belief),
    (Fused, _fused),
    (Model, _model),
    (Log, _log),
    (Run, _run),
    (Smoothed, _smoothed),
    (Forecast, _forecast),
    (Health, _health),
    (Fit, _fit),
    (Comparison, _comparison),
)
