"""`fog.compare`: KF, EKF, iterated EKF, UKF and CKF on the same log, side by side."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.linearity import is_linear
from foglight.core.errors import DataError, ModelError
from foglight.core.pictured import Reported
from foglight.core.text import counted
from foglight.core.types import Time
from foglight.data.given_log import as_log
from foglight.data.log import Log
from foglight.data.on_time import on_time
from foglight.data.table import Table, for_json
from foglight.diagnostics.compare.choice import advice, chosen, figure, guarded_alike
from foglight.diagnostics.compare.curvature import Curvature, curvature_of
from foglight.diagnostics.compare.scores import Compared, compared
from foglight.diagnostics.compare.step_time import seconds_per_step
from foglight.diagnostics.truth import rows_with, truth_of
from foglight.inference.run import Run
from foglight.methods.ekf import EKF, KF
from foglight.methods.method import Method
from foglight.methods.registry import checked_list
from foglight.methods.ukf import CKF, UKF
from foglight.model.model import Model, Motion, Sensor, opaque_functions
from foglight.model.pickling import Portable

USUAL: tuple[Method, ...] = (KF(), EKF(), EKF(iterations=3), UKF(), CKF())
SHOWN = 6  # states whose errors fit in the printed table


def compare(
    model: Model,
    log: Log,
    methods: Sequence[Method] | None = None,
    truth: Any = None,
    *,
    start_time: Time | None = None,
    within: float = 0.0,
) -> "Comparison":
    """Run several filters on one log and compare them: likelihood, NIS, errors, time per step, and which to use.

    The advice is the simplest method that no other clearly beats: by the log density of the truth or, without truth, of
    the readings. It also says how far the functions bend over the spread of the belief, which is what makes an EKF err.

    Parameters
    ----------
    model : Model
        The model that all filters share.
    log : Log
        The readings. A series or dataframe with dates is one, as `Log.series` reads it.
    methods : sequence of Method, default [KF(), EKF(), EKF(iterations=3), UKF(), CKF()]
        The filters, from simple to elaborate, each at most once. A method that refuses the model (KF where a function
        is not linear) or breaks on the log keeps its row, with the reason.
    truth : array (T, n), mapping {state: column}, dataframe or Log, default None
        The true states, NaN where unknown. A dataframe, a mapping or a Log may hold some of the states only; with
        times, in a column `time` or in the index, its rows are matched by time. Errors of angles are wrapped.
    start_time : float, datetime, pandas.Timestamp or datetime64, default None
        The time of the start, as in `fog.run`.
    within : float, default 0
        Seconds. How far from a row of the log the truth that belongs to it may be; the nearest is taken.

    Returns
    -------
    Comparison
        Prints as the advice and a table; `best`, `advice`, `runs`, `columns()`.

    Raises
    ------
    DataError
        If the log or the truth does not fit the model, if there is neither a reading nor truth, or if so few times of
        the truth are those of rows that it must be on another clock.
    ModelError
        If `model` is not a `fog.Model` or `log` not a `fog.Log`, if a method is not one or a duplicate; and the error
        of the first method if none runs.
    NumericalError
        If no method runs and the first one breaks on the log.

    Notes
    -----
    A method beats another if its total log density is higher by two standard errors (Vuong 1989), the error estimated
    from 20 stretches of rows, or by a factor of e¹⁰. The time of a step is that of the compiled scan alone, the median
    of seven rounds in which all methods take turns.

    Examples
    --------
    >>> found = fog.compare(model, log, truth=truth)
    >>> found.best
    KF()
    >>> found.advice.partition(";")[0]
    'use KF(): the model is linear, so all methods compute the same'
    """
    log = as_log(log) if isinstance(model, Model) else log
    if not isinstance(model, Model) or not isinstance(log, Log):
        raise ModelError(
            f"compare({type(model).__name__}, {type(log).__name__}): expected a fog.Model and a fog.Log. Write "
            "fog.compare(model, log).",
            field="model" if not isinstance(model, Model) else "log",
            value=type(log if isinstance(model, Model) else model).__name__,
        )
    log = on_time(model, log)
    tried = checked_list(methods, USUAL)
    states = None if truth is None else truth_of(truth, model, log, within)
    if states is None and not np.isfinite(log.bind(model)).any():
        raise DataError(
            "the log has no reading at all: expected some to compare methods by. Check its columns, or give truth.",
            field="log",
            value=0,
        )
    found = [compared(model, log, method, states, start_time) for method in tried]
    rows = [row for row, _ in found]
    if all(row.refused for row in rows):
        raise next(error for _, error in found if error is not None)
    runs = [row.run for row in rows if row.run is not None]
    times = iter(seconds_per_step(runs))
    rows = [row if row.run is None else replace(row, seconds=next(times)) for row in rows]
    return Comparison(model, log, tuple(rows), None if states is None else rows_with(states))


class Comparison(Table, Reported, Portable):
    """Several filters on one log, as `fog.compare` returns them; prints as the advice and a table.

    Attributes
    ----------
    best : Method
        The method to use: the last in the list that clearly beats the best one before it.
    advice : str
        Which method to use, and why.
    rows : tuple of Compared
        One row per method: method, run, refused, loglik, nis, inside, rmse, nees, covered, seconds.
    runs : dict of str to Run
        The run of each method that ran.
    curvature : Curvature or None
        How far each function bends, row by row, at the beliefs of the best method.
    linear : bool
        Whether every function is linear in the state.
    model : Model
        The model.
    log : Log
        The log.
    truth : bool
        Whether truth was given.
    truth_rows : int
        The number of rows of the log that have truth.

    Examples
    --------
    >>> found = fog.compare(model, log, [fog.EKF(), fog.UKF()], truth=truth)
    >>> found.columns()["rmse_gap"].round(3)
    array([0.285, 0.285])
    """

    def __init__(self, model: Model, log: Log, rows: tuple[Compared, ...], truth_rows: int | None) -> None:
        self.model = model
        self.log = log
        self.rows = rows
        self.truth = truth_rows is not None
        self.truth_rows = truth_rows or 0
        self._same = self.linear and guarded_alike(rows)
        self._best = chosen(rows, self._same)

    @property
    def best(self) -> Method:
        """The method to use."""
        return self._best.method

    @property
    def runs(self) -> dict[str, Run]:
        """{name of the method: its run}, without those that were refused."""
        return {row.name: row.run for row in self.rows if row.run is not None}

    @cached_property
    def linear(self) -> bool:
        """Whether every function is linear in the state; opaque functions count as not linear."""
        parts: list[Motion | Sensor] = [self.model.motion, *self.model.sensors]
        return not opaque_functions(self.model) and all(is_linear(self.model, part) for part in parts)

    @cached_property
    def curvature(self) -> Curvature | None:
        """How far each function bends, row by row, at the beliefs of the best method; None if it is not compiled."""
        assert self._best.run is not None
        return curvature_of(self._best.run)

    @cached_property
    def advice(self) -> str:
        """Which method to use, and why, in one or two sentences."""
        return advice(self.rows, self._best, self.curvature, self._same)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The table as arrays, one row per method.

        Returns
        -------
        dict of str to array
            method, loglik, nis with its 95 % band nis_low to nis_high, inside (share of rows whose NIS is within its
            95 % region), seconds (per step) and refused (the reason, or ""). With truth also rmse_STATE, covered_STATE
            (share of true values within 95 % intervals) and nees (mean per state).
        """
        rows = self.rows
        table: dict[str, list[Any]] = {
            "method": [row.name for row in rows],
            "loglik": [row.loglik for row in rows],
            "nis": [row.nis.mean for row in rows],
            "nis_low": [row.nis.low for row in rows],
            "nis_high": [row.nis.high for row in rows],
            "inside": [row.inside for row in rows],
        }
        if self.truth:
            for i, name in enumerate(self.model.state):
                table[f"rmse_{name}"] = [row.rmse[i] for row in rows]
                table[f"covered_{name}"] = [row.covered[i] for row in rows]
            table["nees"] = [row.nees for row in rows]
        table |= {"seconds": [row.seconds for row in rows], "refused": [row.refused for row in rows]}
        return {name: np.array(values) for name, values in table.items()}

    def as_dict(self) -> dict[str, Any]:
        """The comparison in plain dicts and lists, for JSON; None for NaN and infinity.

        Returns
        -------
        dict
            best, advice, linear, truth_rows, methods (a dict per method) and curvature (largest, of, row, typical; or
            None).
        """
        columns = {name: values.tolist() for name, values in self.columns().items()}
        rows = [dict(zip(columns, entries, strict=True)) for entries in zip(*columns.values(), strict=True)]
        curvature: dict[str, Any] | None = None
        if self.curvature is not None:
            size, name, row = self.curvature.largest
            curvature = {"largest": size, "of": name, "row": row, "typical": self.curvature.typical}
        plain: dict[str, Any] = for_json({
            "best": repr(self.best),
            "advice": self.advice,
            "linear": self.linear,
            "truth_rows": self.truth_rows,
            "methods": rows,
            "curvature": curvature,
        })  # fmt: skip
        return plain

    def _stamps(self) -> None:
        return None

    def __repr__(self) -> str:
        lines = [self.advice[0].upper() + self.advice[1:], "", *self._lines()]
        lines += [f"{row.name}: {row.refused}" for row in self.rows if row.refused]
        if self.truth:
            every = len(self.log) * (self.log.tracks or 1)
            lines.append(f"{self.truth_rows} of {counted(every, 'row')} have truth.")
        return "\n".join(lines)

    def _lines(self) -> list[str]:
        states = [
            i
            for i in range(len(self.model.state))
            if self.truth and any(not np.isnan(row.rmse[i]) for row in self.rows)
        ]
        shown = states[:SHOWN]
        cells = [["method", "loglik", "NIS", "its 95 % band", "inside 95 %"]]
        cells[0] += [f"RMSE {self.model.state[i]}" for i in shown]
        cells[0] += (["NEES", "covered"] if states else []) + ["time/step"]
        for row in self.rows:
            if row.refused:
                cells.append([row.name, "refused", *[""] * (len(cells[0]) - 2)])
                continue
            line = [row.name, f"{row.loglik:.6g}", figure(row.nis.mean)]
            line += [
                f"{figure(row.nis.low)} to {figure(row.nis.high)}" if row.nis.components else "-",
                _share(row.inside),
            ]
            line += [f"{row.rmse[i]:.4g}" for i in shown]
            covered = row.covered[~np.isnan(row.covered)]
            share = float(covered.mean()) if len(covered) else float("nan")
            line += [figure(row.nees), _share(share)] if states else []
            cells.append([*line, _time(row.seconds)])
        widths = [max(len(line[k]) for line in cells) for k in range(len(cells[0]))]
        return [
            "  ".join(
                cell.rjust(width) if k else cell.ljust(width)
                for k, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in cells
        ]


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{100 * value:.1f} %"


def _time(seconds: float) -> str:
    if seconds < 1e-6:
        return f"{seconds * 1e9:.0f} ns"
    return f"{seconds * 1e6:.3g} µs" if seconds < 1e-3 else f"{seconds * 1e3:.3g} ms"
