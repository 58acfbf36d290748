"""`fog.backtest`: what forecasts from many rows of a log would have been worth."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_whole
from foglight.core.errors import DataError, ModelError
from foglight.core.pictured import Pictured
from foglight.core.text import counted
from foglight.core.threads import with_threads
from foglight.core.types import Floats, Time
from foglight.data.description import span_of
from foglight.data.log import Log
from foglight.data.table import Table
from foglight.diagnostics.forecast_scores import (
    COVERED,
    ForecastScores,
    gaussian_losses,
    mean_scores,
    scores_of,
)
from foglight.diagnostics.seasonal_naive import seasonal_naive
from foglight.diagnostics.transformed_scores import transformed_losses
from foglight.inference.prepare import checked_log
from foglight.inference.rolling_forecast import rolling_forecast
from foglight.inference.run import Run
from foglight.inference.run import run as filtered
from foglight.methods.method import Method
from foglight.model.model import Model

Refit = Callable[[Model, Log], Model]
Indices = NDArray[np.int64]


@with_threads
def backtest(
    model: Model,
    log: Log,
    horizon: int = 1,
    every: int = 1,
    *,
    first: int | None = None,
    season: int = 1,
    method: Method | None = None,
    refit: Refit | None = None,
    start_time: Time | None = None,
    threads: int | None = None,
) -> "Backtest":
    """Forecast the readings of a log from many of its rows, and score them by what was read: a rolling origin.

    From each of these rows, the origins, the next `horizon` rows are forecast with what the filter knew there. All of
    them are scored, step by step, beside the seasonal naive forecast: that each reading is as one season before.

    Parameters
    ----------
    model : Model
        The model. If it was tuned on the same log, the scores are too good; see refit.
    log : Log
        The readings.
    horizon : int, default 1
        The number of rows ahead.
    every : int, default 1
        The number of rows from one origin to the next.
    first : int, default half of the rows of each track
        The number of rows before the first forecast, at least one.
    season : int, default 1
        The number of rows in a season, for the naive forecast; 1 for the last reading.
    method : KF, EKF, UKF or CKF, default EKF()
        The equations, with their options.
    refit : callable, optional
        Called with the model and the rows of the log up to each origin; returns the model to forecast with, such as
        lambda model, log: fog.tune(model, log).model. Not for tracks that follow one another.
    start_time : float, datetime, pandas.Timestamp or datetime64, default None
        As in `fog.run`.
    threads : int, default None
        The most threads to use; None for one for each core of this process. No bit of the result depends on it.

    Returns
    -------
    Backtest
        Prints as a table with one line per step ahead; `columns()`, `to_frame()`, and the forecasts themselves.

    Raises
    ------
    ModelError
        If an argument is invalid, or what refit returns is not a model of the same sensors.
    DataError
        If no track has `first` + `horizon` rows, a season is longer than the log, or readings do not determine the
        state by then.
    NumericalError
        If a row cannot be computed.

    Notes
    -----
    One run of the filter serves all origins; the forecasts from them are tracks of one more scan. Steps are rows of the
    log, whatever the time between them; their inputs, such as regressors, are those of the log, known in advance. RMSE,
    MAE, MASE (Hyndman & Koehler 2006), the pinball loss at the levels 0.1 to 0.9, CRPS (Gneiting & Raftery 2007), and
    the share of readings within intervals of 80 and 95 %. Forecasts from neighbouring rows err alike, so that a share
    over N of them is less certain than over N independent ones. Where a logarithm or a power of a series is modelled,
    all of it is in the unit of the series: RMSE is that of the means, MAE that of the medians.

    Examples
    --------
    >>> found = fog.backtest(model, log, horizon=5, every=2)
    >>> found.columns()["inside_80"].round(2)
    array([0.73, 0.81, 0.78, 0.79, 0.75])
    """
    log = checked_log(model, log)
    for name, value in (("horizon", horizon), ("every", every), ("season", season)):
        _at_least_one(name, value)
    if first is not None:
        _at_least_one("first", first)
    if refit is not None and log.track is not None:
        raise ModelError(
            "refit: the tracks of this log follow one another, and each would need its own rows: expected one track, "
            "or tracks that share their times. Leave refit out, or call backtest for each track.",
            field="refit", value=len(log.track_names),
        )  # fmt: skip
    starts, rows = np.flatnonzero(log.starts()), len(log)
    lengths = np.diff(starts, append=rows)
    origins = _origins(starts, lengths, horizon, every, first)
    if season >= lengths.max():
        raise DataError(
            f"season = {season}: the log has {counted(int(lengths.max()), 'row')}, {span_of(log)}, so no reading has "
            "one of a season before it: expected a shorter season. Leave season out, or give a longer log.",
            field="season", value=season,
        )  # fmt: skip
    if refit is None:
        run = filtered(model, log, method, start_time=start_time)
        origins = _determined(run, origins, starts, horizon)
        tracks, at = _on_tracks(origins, log.tracks)
        mean, variance = rolling_forecast(run, tracks, at, horizon)
    else:
        parts = []
        for origin in origins:
            run = filtered(_refitted(refit, model, log, int(origin)), log, method, start_time=start_time)
            one = _determined(run, np.array([origin]), starts, horizon, strict=True)
            parts.append(rolling_forecast(run, *_on_tracks(one, log.tracks), horizon))
        mean, variance = (
            np.stack(arrays, axis=1).reshape(-1, *arrays[0].shape[1:]) for arrays in zip(*parts, strict=True)
        )
    return Backtest(run, origins, mean, np.sqrt(variance), starts, season, every)


class Backtest(Table, Pictured):
    """Forecasts from N origins of a log and their scores, as `fog.backtest` returns them; prints as a table.

    Arrays are for H steps and M measured components. Where tracks share their times, the origins of each track follow
    one another.

    Attributes
    ----------
    origins : ndarray of int (N,)
        The rows of the log from which forecasts begin: the last ones whose readings were used.
    mean : ndarray (N, H, M)
        The forecasts, means.
    std : ndarray (N, H, M)
        Their standard deviations, noise of the readings included.
    reading : ndarray (N, H, M)
        What was read; NaN where nothing was.
    scores : ForecastScores
        Scores of the model, each (H, M): count, rmse, mae, mase, pinball, crps, and covered (2, H, M).
    naive : ForecastScores
        The same of the seasonal naive forecast.
    measures : tuple of str
        Full names of the measures, such as `gauge.flow`.
    season : int
        The number of rows in a season of the naive forecast.
    model : Model
        The model; with refit the last one.
    log : Log
        The log.

    Examples
    --------
    >>> found = fog.backtest(model, log, horizon=3, every=50)
    >>> found.mean.shape, found.origins
    ((3, 3, 1), array([149, 199, 249]))
    """

    def __init__(
        self, run: Run, origins: Indices, mean: Floats, std: Floats, starts: Indices, season: int, every: int
    ) -> None:
        self.model, self.log = run.model, run.log
        self.mean, self.std, self.origins = mean.copy(), std.copy(), origins
        self.season, self.measures = season, run.model.components
        self._every = every
        angles = np.array([name in s.angles for s in run.model.sensors for name in s.measures])
        steps, modelled = mean.shape[1], run._arrays.z
        z = np.where(np.isnan(modelled), np.nan, run.log.bind(run.model).reshape(modelled.shape))
        ahead = origins[:, None] + np.arange(1, steps + 1)
        self.reading, y = (a[:, ahead].reshape(-1, *mean.shape[1:]) for a in (z, modelled))
        naive = [
            seasonal_naive(
                series[start:stop],
                origins[(start <= origins) & (origins < stop)] - start,
                steps,
                season,
                angles,
            )
            for series in z
            for start, stop in zip(starts, [*starts[1:], len(run.log)], strict=True)
        ]
        naive_mean, naive_std, scale = (np.concatenate(parts) for parts in zip(*naive, strict=True))
        scale[:, :, angles] = np.nan
        losses = gaussian_losses(_error(self.reading, mean, angles), std)
        for sensor, at in run.model.blocks:
            if sensor.transform is not None:
                j, to = at.start, sensor.transform
                centre, cov = to.moments(mean[..., at], std[..., at, None] ** 2)
                self.mean[..., at], self.std[..., at] = centre, np.sqrt(cov[..., 0])
                own = (self.reading[..., j], y[..., j], self.mean[..., j], mean[..., j], std[..., j])
                losses = losses.with_measure(j, transformed_losses(*own, to))
        self.scores = mean_scores(losses, scale)
        self.naive = scores_of(_error(self.reading, naive_mean, angles), naive_std, scale)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The scores as named columns, one entry per step ahead, measure by measure.

        Returns
        -------
        dict of str to ndarray
            measure (where there are several), step, count (readings met), rmse, mae, mase, pinball, crps, inside_80,
            inside_95, then the same of the naive forecast (`naive_rmse`), and skill = 1 - crps/naive_crps.
        """
        M, steps = len(self.measures), self.mean.shape[1]
        table: dict[str, NDArray[Any]] = {"measure": np.repeat(self.measures, steps)} if M > 1 else {}
        table["step"] = np.tile(np.arange(1, steps + 1), M)
        table["count"] = self.scores.count.T.ravel().astype(np.int64)
        for prefix, scores in (("", self.scores), ("naive_", self.naive)):
            for name in ("rmse", "mae", "mase", "pinball", "crps"):
                table[f"{prefix}{name}"] = getattr(scores, name).T.ravel()
            for p, covered in zip(COVERED, scores.covered, strict=True):
                table[f"{prefix}inside_{100 * p:.0f}"] = covered.T.ravel()
        with np.errstate(divide="ignore", invalid="ignore"):
            table["skill"] = 1.0 - table["crps"] / table["naive_crps"]
        return table

    def _stamps(self) -> None:
        return None

    def __repr__(self) -> str:
        before = counted(self.season, "row")
        lines = [
            f"Forecasts from {counted(len(self.mean), 'origin')}, one every {counted(self._every, 'row')}; in brackets "
            f"the naive forecast, the reading of {before} before."
        ]
        for j, measure in enumerate(self.measures):
            lines += ["", *_lines(measure, j, self.scores, self.naive)]
        return "\n".join(lines)


def _lines(measure: str, j: int, scores: ForecastScores, naive: ForecastScores) -> list[str]:
    cells = [["step", "RMSE", "MAE", "MASE", "pinball", "CRPS", "in 80 %", "in 95 %"]]
    for h in range(len(scores.count)):
        pairs = [
            f"{getattr(scores, name)[h, j]:.4g} ({getattr(naive, name)[h, j]:.4g})"
            for name in ("rmse", "mae", "mase", "pinball", "crps")
        ]
        inside = [f"{100 * share[h, j]:.1f} %" for share in scores.covered]
        cells.append([str(h + 1), *pairs, *inside])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    table = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    return [measure, *table]


def _at_least_one(name: str, value: Any) -> None:
    if not (is_whole(value) and value >= 1):
        raise ModelError.expected(name, value, "a whole number of rows, at least 1", f"Write {name}=12.")


def _origins(starts: Indices, lengths: Indices, horizon: int, every: int, first: int | None) -> Indices:
    """The rows of the log from which forecasts begin: each with `horizon` rows of its track after it."""
    found = []
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        before = max(length // 2, 1) if first is None else first
        found += list(range(start + before - 1, start + length - horizon, every))
    if not found:
        longest = int(lengths.max())
        before = max(longest // 2, 1) if first is None else first
        raise DataError(
            f"the log has {counted(longest, 'row')}{' in its longest track' if len(starts) > 1 else ''}: expected at "
            f"least {before + horizon}, {before} before the first forecast and {horizon} to forecast. Give a smaller "
            f"horizon= or first=, or a longer log.",
            field="log", value=longest,
        )  # fmt: skip
    return np.array(found, np.int64)


def _determined(run: Run, origins: Indices, starts: Indices, horizon: int, strict: bool = False) -> Indices:
    """The origins at which every direction of the state is known; DataError if there is none, or (strict) not all."""
    unknown = run._unknown()
    left = np.isin(origins, unknown.rows[(unknown.A != 0.0).any(axis=(0, 2, 3))])
    if left.all() or (strict and left.any()):
        k = int(origins[np.flatnonzero(left)[-1]])
        raise DataError(
            f"the readings up to row {k} do not determine the state, so that no forecast of {counted(horizon, 'row')} "
            "can begin there: expected a known state. Give a larger first=, or a model with a start that has a finite "
            "std.",
            field="first", index=k, value=k,
        )  # fmt: skip
    return origins[~left]


def _on_tracks(origins: Indices, tracks: int | None) -> tuple[Indices, Indices]:
    """The track and the row of each forecast: every origin in every track that shares the times."""
    many = tracks or 1
    return np.repeat(np.arange(many), len(origins)), np.tile(origins, many)


def _refitted(refit: Refit, model: Model, log: Log, origin: int) -> Model:
    """The model that the user's function makes of the rows up to an origin."""
    found: Any = refit(model, log[: origin + 1])
    if not isinstance(found, Model) or _measured(found) != _measured(model):
        scaled = any(sensor.transform is not None for sensor in model.sensors)
        raise ModelError.expected(
            "refit(…)", found, f"a fog.Model that measures {', '.join(model.components)}{', on its scale' * scaled}",
            "Write refit=lambda model, log: fog.tune(model, log).model.",
        )  # fmt: skip
    return found


def _measured(model: Model) -> tuple[Any, ...]:
    """What a model measures, and on which scales."""
    return model.components, [sensor.transform for sensor in model.sensors]


def _error(reading: Floats, mean: Floats, angles: NDArray[np.bool_]) -> Floats:
    """z - μ, angles wrapped."""
    error = reading - mean
    error[..., angles] -= 2.0 * np.pi * np.round(error[..., angles] / (2.0 * np.pi))
    return error
