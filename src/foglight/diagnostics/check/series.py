"""The statistics of a check for plots: NIS over time, correlations by lag, coverage, and NIS by part of the log."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.diagnostics.check import statistics
from foglight.diagnostics.check.correlations import autocorrelations, cross_correlations
from foglight.diagnostics.check.health import PlotData
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.chi_square import critical
from foglight.inference.run import Run

Columns = dict[str, NDArray[Any]]
_SHOWN = 0.95  # the region that plots show


def plot_data_of(run: Run, found: Innovations, level: float) -> dict[str, PlotData]:
    """{name of the plot: its columns}."""
    return {
        "nis": PlotData(partial(_nis, run, found), run.log, by_row=True),
        "whiteness": PlotData(partial(_whiteness, run, found), run.log),
        "coverage": PlotData(partial(_coverage, run, found), run.log),
        "drift": PlotData(partial(_drift, run, found, level), run.log),
    }


def _nis(run: Run, found: Innovations) -> Columns:
    """The NIS of each sensor by row, and the bound below which 95 % of it is if the model is right."""
    columns: Columns = {"time": np.tile(run.log.time_ns / 1e9, run.log.tracks or 1)}
    if len(np.unique(found.track)) > 1:
        columns = {"track": found.track, **columns}
    for k, sensor in enumerate(run.model.sensors):
        m = found.counts[:, k]
        bound = np.full(len(m), np.nan)
        bound[m > 0] = statistics.bound_by_row(m[m > 0], _SHOWN, found.limit[m > 0, k])
        columns |= {f"nis.{sensor.name}": found.nis[:, k], f"bound.{sensor.name}": bound}
    return columns


def _whiteness(run: Run, found: Innovations) -> Columns:
    names = run.model.components
    pairs = [*autocorrelations(found), *cross_correlations(found)]
    z = critical(1.0 - _SHOWN)
    return {
        "first": np.array([names[pair.first] for pair in pairs for _ in pair.lags]),
        "second": np.array([names[pair.second] for pair in pairs for _ in pair.lags]),
        "lag": np.concatenate([pair.lags for pair in pairs]),
        "correlation": np.concatenate([pair.value for pair in pairs]),
        "bound": np.concatenate([pair.bound(z) for pair in pairs]),
        "count": np.concatenate([pair.counts for pair in pairs]),
    }


def _coverage(run: Run, found: Innovations) -> Columns:
    sensors, covered = run.model.sensors, statistics.COVERED
    return {
        "sensor": np.repeat([sensor.name for sensor in sensors], len(covered)),
        "expected": np.tile(covered, len(sensors)),
        "share": np.concatenate([statistics.coverage(found, k) for k in range(len(sensors))]),
    }


def _drift(run: Run, found: Innovations, level: float) -> Columns:
    sensors = run.model.sensors
    parts = [(s.name, *part) for k, s in enumerate(sensors) for part in statistics.blocks(found, k, level)]
    return {
        "sensor": np.array([name for name, *_ in parts]),
        "first_row": np.array([first for _, first, _, _ in parts]),
        "rows": np.array([last - first for _, first, last, _ in parts]),
        "nis": np.array([mean.value for *_, mean in parts]),
        "low": np.array([mean.low for *_, mean in parts]),
        "high": np.array([mean.high for *_, mean in parts]),
    }
