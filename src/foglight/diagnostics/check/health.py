"""The result of a check: codes for programs, sentences for people, and the statistics behind them as tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from foglight.core.errors import ModelError, NumericalError
from foglight.core.pictured import Pictured
from foglight.core.text import counted
from foglight.data.log import Log
from foglight.data.table import Table
from foglight.diagnostics.chi_square import to_json
from foglight.model.pickling import Portable

UNSEEN = "no reading changes"  # how notes on what a log does not determine begin
_PRINTED = 5  # notes
Change = Callable[[Any, Log], tuple[Any, Log]]  # from a model and a log to those without a fault


class Code(StrEnum):
    """What is wrong with a filter; each code equals its own name: `finding.code == "R_SMALL"`.

    Attributes
    ----------
    R_SMALL, R_LARGE
        The measurement noise of the model is smaller, or larger, than that of the log.
    Q_SMALL, Q_LARGE
        The process noise of the model is smaller, or larger, than that of the log.
    BIAS
        A sensor has an offset, throughout or from some row on, or the motion lacks a drift.
    SIGN
        A sensor has the wrong sign.
    GAIN
        A sensor reports in other units, or is scaled.
    COLOURED
        Noise is correlated over time, or between sensors.
    START
        The belief at the start is off.
    CURVED
        The method is at fault, not the model.
    OUTLIERS
        A few readings of a sensor are far off, and those around them fit.
    SENTINEL
        A value far off that a sensor reports again and again, such as -9999 where it has no reading.
    STUCK
        A sensor repeats its last reading while the state moves on.
    JUMP
        The readings of a sensor jump at some row, far beyond their noise, or what it measures jumped there.
    DELAY
        A sensor is late, and its readings carry the time of their arrival.
    CLOCK
        A clock, of a sensor or of the log, runs fast or slow.
    DRIFT
        The bias of a sensor wanders, or grows steadily.
    DYNAMICS
        A parameter of the motion, such as a time constant, has another value.
    SWAPPED
        Two measures of a sensor are swapped.
    ANGLE
        An angle is counted clockwise from north, or jumps by whole turns.
    LOST
        The filter no longer follows its readings: its gate rejects most of them, or widens the belief time and again.
    DIVERGED
        A standard deviation grows beyond what it is without readings, or the state is far outside all of them.
    OK
        None of these.

    Examples
    --------
    >>> fog.check(fog.run(model.with_parameters({"radar.std": 0.3}), log)).codes
    ('R_SMALL',)
    >>> fog.Code.R_SMALL == "R_SMALL"
    True
    """

    R_SMALL = "R_SMALL"
    R_LARGE = "R_LARGE"
    Q_SMALL = "Q_SMALL"
    Q_LARGE = "Q_LARGE"
    BIAS = "BIAS"
    SIGN = "SIGN"
    GAIN = "GAIN"
    COLOURED = "COLOURED"
    START = "START"
    CURVED = "CURVED"
    OUTLIERS = "OUTLIERS"
    SENTINEL = "SENTINEL"
    STUCK = "STUCK"
    JUMP = "JUMP"
    DELAY = "DELAY"
    CLOCK = "CLOCK"
    DRIFT = "DRIFT"
    DYNAMICS = "DYNAMICS"
    SWAPPED = "SWAPPED"
    ANGLE = "ANGLE"
    LOST = "LOST"
    DIVERGED = "DIVERGED"
    OK = "OK"

    def __repr__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True)
class Finding:
    """One thing to change.

    code: a `Code`.  subject: `sensor.measure`, a sensor, a state or "motion".  statistic, low, high: the statistic
    that is out of its bounds.  estimate: the size of the fault: a factor on the standard deviation, an offset in the
    subject's unit, a gain or a correlation.  error: its standard error.  suggestions: {parameter: value} where
    parameters scale the noise.  sentence: all of it in words.  change: what `apply` does; None if there is nothing.
    rows: the rows of the log that are accused, over all tracks; empty if it is all of them.
    """

    code: Code
    subject: str
    statistic: float
    low: float
    high: float
    estimate: float
    error: float
    sentence: str
    suggestions: Mapping[str, float] = field(default_factory=dict)
    change: Change | None = None
    rows: tuple[int, ...] = ()

    def apply(self, model: Any, log: Log) -> tuple[Any, Log]:
        """What the finding suggests, applied: run the model on the log that it returns, and check again.

        Parameters
        ----------
        model : Model
            The model that was checked.
        log : Log
            The log that was checked.

        Returns
        -------
        model : Model
            The model, changed if the finding is one of the model.
        log : Log
            The log, changed if the finding is one of its readings; else the same log.

        Raises
        ------
        ModelError
            If the finding names nothing that a program could change.
        DataError
            If the log does not fit the model that was checked.

        Examples
        --------
        >>> finding = fog.check(fog.run(model.with_parameters({"std": 0.4}), log)).findings[0]
        >>> better, same = finding.apply(model, log)
        """
        if self.change is None:
            raise ModelError(
                f"the finding {self.code} of {self.subject} has nothing to apply: expected one with a change. Read "
                "its sentence and change the model by hand.",
                field="change",
                value=str(self.code),
            )
        return self.change(model, log)

    def as_dict(self) -> dict[str, Any]:
        """The finding in plain types, for JSON."""
        numbers = ("statistic", "low", "high", "estimate", "error")
        return {
            "code": str(self.code),
            "subject": self.subject,
            **{name: to_json(getattr(self, name)) for name in numbers},
            "suggestions": dict(self.suggestions),
            "rows": list(self.rows),
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Row:
    """One line of the table: a statistic of a subject, its bounds, and how many values it comes from."""

    statistic: str
    subject: str
    value: float
    low: float
    high: float
    count: int

    @property
    def inside(self) -> bool:
        """Whether the value is within its bounds."""
        return not (self.value < self.low or self.value > self.high)


class PlotData(Table, Portable):
    """Columns for a plot, computed on first use."""

    def __init__(
        self, columns: Callable[[], Mapping[str, NDArray[Any]]], log: Log, by_row: bool = False
    ) -> None:
        self._make = columns
        self.log = log
        self._by_row = by_row

    @cached_property
    def _columns(self) -> Mapping[str, NDArray[Any]]:
        return self._make()

    def columns(self) -> dict[str, NDArray[Any]]:
        """{name: 1-D array}."""
        return dict(self._columns)

    def __repr__(self) -> str:
        columns = self._columns
        rows = len(next(iter(columns.values())))
        return f"PlotData({counted(rows, 'row')}: {', '.join(columns)})"

    def _stamps(self) -> NDArray[Any] | None:
        return super()._stamps() if self._by_row else None


class Health(Pictured):
    """Whether a filter is consistent, as `fog.check` found; prints as a summary, a table and a sentence per finding.

    Attributes
    ----------
    ok : bool
        Whether there is no finding.
    codes : tuple of Code
        The codes of the findings, or (OK,).
    findings : tuple of Finding
        What to change, most important first, at most seven: code, subject, statistic, low, high, estimate, error,
        suggestions, sentence. Findings of one cause are one.
    notes : tuple of str
        What is worth knowing but not a fault, and what is left of the findings: those after the seventh, and the parts
        of those with one cause. The first five are printed. If the filter is overconfident or too cautious and no
        finding says so, the first does.
    rows : tuple of Row
        The table: statistic, subject, value, low, high, count, inside.
    level : float
        The probability that a healthy log gets a finding.
    title : str
        The method, and the numbers of rows and components.
    nis : PlotData
        NIS by row and sensor, with the bound that holds 95 % of it.
    whiteness : PlotData
        Correlations of the innovations by lag, with 95 % bounds.
    coverage : PlotData
        The share of readings within the regions of 50, 90 and 95 %.
    drift : PlotData
        The mean NIS in each tenth of the log, with its bounds.

    Examples
    --------
    >>> health = fog.check(fog.run(model.with_parameters({"std": 0.4}), log))
    >>> health.codes, health.findings[0].suggestions
    (('R_SMALL',), {'radar.std': 0.805})
    """

    def __init__(
        self,
        title: str,
        level: float,
        findings: tuple[Finding, ...],
        notes: tuple[str, ...],
        rows: tuple[Row, ...],
        plots: Mapping[str, PlotData],
    ) -> None:
        self.title = title
        self.level = level
        self.findings = findings
        self.notes = notes
        self.rows = rows
        self.nis = plots["nis"]
        self.whiteness = plots["whiteness"]
        self.coverage = plots["coverage"]
        self.drift = plots["drift"]

    @property
    def ok(self) -> bool:
        """Whether there is no finding."""
        return not self.findings

    @property
    def codes(self) -> tuple[Code, ...]:
        """The codes of the findings, most important first, each once; (OK,) if there is none."""
        return tuple(dict.fromkeys(finding.code for finding in self.findings)) or (Code.OK,)

    def raise_if_bad(self) -> None:
        """Raise an error with the sentences of all findings, to stop a pipeline; do nothing if there is no finding.

        Raises
        ------
        NumericalError
            If there is a finding.
        """
        if self.findings:
            first = self.findings[0]
            raise NumericalError(
                f"{self._summary()} " + " ".join(finding.sentence for finding in self.findings),
                field=first.subject,
                value=first.estimate,
            )

    def as_dict(self) -> dict[str, Any]:
        """The result in plain dicts and lists, for JSON; None for NaN and infinity.

        Returns
        -------
        dict
            ok, codes, level, findings, notes and table.
        """
        rows = [
            {"statistic": row.statistic, "subject": row.subject, "count": row.count, "inside": row.inside}
            | {name: to_json(getattr(row, name)) for name in ("value", "low", "high")}
            for row in self.rows
        ]
        return {
            "ok": self.ok,
            "codes": [str(code) for code in self.codes],
            "level": self.level,
            "findings": [finding.as_dict() for finding in self.findings],
            "notes": list(self.notes),
            "table": rows,
        }

    def columns(self) -> dict[str, NDArray[Any]]:
        """The NIS of every row and the bound that holds 95 % of it: `nis.columns()`.

        Returns
        -------
        dict of str to array
            time (and track), then nis.SENSOR and bound.SENSOR of each sensor.
        """
        return self.nis.columns()

    def to_frame(self, library: str | None = None) -> Any:
        """The same columns as a dataframe: `nis.to_frame()`.

        Parameters
        ----------
        library : str, default None
            "pandas", "polars", "pyarrow" or "duckdb"; by default the library that the log came from.

        Returns
        -------
        dataframe
            One row per log row.

        Raises
        ------
        DataError
            If the library is not installed, or not named and the log came from no dataframe.

        Examples
        --------
        >>> list(fog.check(run).to_frame("pandas").columns)
        ['time', 'nis.radar', 'bound.radar']
        """
        return self.nis.to_frame(library)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = [self._summary(), self.title, ""]
        widths = [max(len(text) for text in column) for column in zip(*map(_cells, self.rows), strict=True)]
        for row in self.rows:
            cells = [
                text.ljust(width) if k < 2 else text.rjust(width)
                for k, (text, width) in enumerate(zip(_cells(row), widths, strict=True))
            ]
            lines.append(("  " + "  ".join(cells) + ("" if row.inside else "  <--")).rstrip())
        if self.findings:
            lines += ["", *[f"{finding.code}: {finding.sentence}" for finding in self.findings]]
        if self.notes:
            lines += ["", *[f"Note: {note}" for note in self.notes[:_PRINTED]]]
        if len(self.notes) > _PRINTED:
            lines += [f"and {len(self.notes) - _PRINTED} more: see .notes"]
        return "\n".join(lines)

    def _summary(self) -> str:
        if self.ok:
            unseen = any(note.startswith(UNSEEN) for note in self.notes)
            but = ", but this log does not determine all of its states" * unseen
            return f"OK: nothing speaks against the model{but}."
        return f"NOT OK: {', '.join(self.codes)}."


def _cells(row: Row) -> tuple[str, str, str, str]:
    band = "" if row.low != row.low else f"in [{_short(row.low)}, {_short(row.high)}]"
    return row.statistic, row.subject, _short(row.value), band


def _short(value: float) -> str:
    return f"{value:.4g}"
