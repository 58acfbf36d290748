"""What a check found: codes for programs, sentences for people, and the statistics behind them as tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from foglight.core.errors import NumericalError
from foglight.core.text import counted
from foglight.data.log import Log
from foglight.data.table import Table
from foglight.diagnostics.chi_square import to_json


class Code(StrEnum):
    """What is wrong, as a word that equals its own name: `finding.code == "R_SMALL"`.

    R_SMALL, R_LARGE: the measurement noise of the model is smaller, larger than the log's. Q_SMALL, Q_LARGE: the
    process noise. BIAS: an offset, of a sensor or of the motion. SIGN: a sensor of the other sign. GAIN: a sensor in
    other units, or scaled. COLOURED: noise that is alike over time, or between sensors. START: the belief at the start.
    CURVED: the method, not the model.
    OK: none of these.
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
    OK = "OK"

    def __repr__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True)
class Finding:
    """One thing to change.

    code: a `Code`.  subject: `sensor.measure`, a sensor, a state or "motion".  statistic, low, high: what was out of
    its bounds.  estimate: by how much: a factor on the standard deviation, an offset in the subject's unit, a gain or
    a correlation.  error: its standard error.  suggestions: {parameter: value} where a parameter owns it.
    sentence: all of it in words.
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

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON has it."""
        numbers = ("statistic", "low", "high", "estimate", "error")
        return {
            "code": str(self.code),
            "subject": self.subject,
            **{name: to_json(getattr(self, name)) for name in numbers},
            "suggestions": dict(self.suggestions),
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Row:
    """One line of the table: a statistic of a subject, and where it should be."""

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


class PlotData(Table):
    """Columns for a plot, computed when they are first asked for."""

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
        return f"Series({counted(rows, 'row')}: {', '.join(columns)})"

    def _stamps(self) -> NDArray[Any] | None:
        return super()._stamps() if self._by_row else None


class Health:
    """Whether a filter is honest, as `fog.check` found.

    ok: whether there is no finding.  findings: what to change, the first first.  codes: theirs, or (OK,).
    notes: what is worth knowing and no fault.  rows: the table.  level: the chance of a finding where there is none.
    nis, whiteness, coverage, drift: columns for plots, each with `.columns()` and `.to_frame()`.
    Printing it shows the verdict, the table and the sentences.
    """

    def __init__(
        self,
        title: str,
        level: float,
        findings: tuple[Finding, ...],
        notes: tuple[str, ...],
        rows: tuple[Row, ...],
        series: Mapping[str, PlotData],
    ) -> None:
        self.title = title
        self.level = level
        self.findings = findings
        self.notes = notes
        self.rows = rows
        self.nis = series["nis"]
        self.whiteness = series["whiteness"]
        self.coverage = series["coverage"]
        self.drift = series["drift"]

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def codes(self) -> tuple[Code, ...]:
        return tuple(dict.fromkeys(finding.code for finding in self.findings)) or (Code.OK,)

    def raise_if_bad(self) -> None:
        """NumericalError with the sentences of all findings, for pipelines; nothing where there is none."""
        if self.findings:
            first = self.findings[0]
            raise NumericalError(
                f"{self._verdict()} " + " ".join(finding.sentence for finding in self.findings),
                field=first.subject,
                value=first.estimate,
            )

    def as_dict(self) -> dict[str, Any]:
        """The verdict, findings, notes and table as JSON has them: NaN and infinity are null."""
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
        """The NIS of every row and the region that should hold 95 % of them: `nis.columns()`."""
        return self.nis.columns()

    def to_frame(self, library: str | None = None) -> Any:
        """The same as a dataframe: `nis.to_frame()`."""
        return self.nis.to_frame(library)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = [self._verdict(), self.title, ""]
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
            lines += ["", *[f"Note: {note}" for note in self.notes]]
        return "\n".join(lines)

    def _verdict(self) -> str:
        if self.ok:
            return "OK: nothing speaks against the model."
        return f"NOT OK: {', '.join(self.codes)}."


def _cells(row: Row) -> tuple[str, str, str, str]:
    band = "" if row.low != row.low else f"in [{_short(row.low)}, {_short(row.high)}]"
    return row.statistic, row.subject, _short(row.value), band


def _short(value: float) -> str:
    return f"{value:.4g}"
