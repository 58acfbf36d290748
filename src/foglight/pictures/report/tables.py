"""Sections in words and numbers: what a check computed, the parameters, the comparison, and what the model is."""

import numpy as np

from foglight.core.errors import FoglightError
from foglight.diagnostics.check.health import Health
from foglight.diagnostics.compare.compare import Comparison
from foglight.diagnostics.explain import explain
from foglight.model.model import Model
from foglight.pictures.plot.results import unit_of
from foglight.pictures.report.document import Block, Document
from foglight.tuning.fit import Fit


def statistics_block(page: Document, health: Health) -> Block:
    """The table of a check; rows outside their bounds are marked."""
    rows = [
        [row.statistic, row.subject, _short(row.value), _bounds(row.low, row.high), str(row.count)]
        for row in health.rows
    ]
    return page.block(
        "table", "What was tested", head=["statistic", "of", "value", "bounds", "values"], rows=rows,
        marked=[k for k, row in enumerate(health.rows) if not row.inside],
    )  # fmt: skip


def parameter_block(page: Document, model: Model, fit: Fit | None) -> Block:
    """The parameters of the model, of a fit with their intervals."""
    rows, text = [], "These values were given, so they have no intervals: tune the model for that."
    errors, intervals = ({}, {}) if fit is None else (fit.std_errors, fit.intervals)
    for name, value in model.parameters.items():
        low, high = intervals.get(name, (np.nan, np.nan))
        rows.append(
            [name, f"{value:.6g}", _short(errors.get(name, np.nan)), _bounds(low, high), unit_of(model, name)]
        )
    if fit is not None:
        for name, (value, error) in fit.coefficients.items():
            rows.append([name, f"{value:.6g}", _short(error), "", ""])
        text = f"Log-likelihood {fit.loglik:.10g}. " + " ".join(fit.advice)
    return page.block(
        "table", "Parameters", text=text, head=["parameter", "value", "std error", "95 % interval", "unit"],
        rows=rows, marked=[],
    )  # fmt: skip


def comparison_block(page: Document, found: Comparison) -> Block:
    """Several filters on the log, and which to use."""
    columns = found.columns()
    names = {"method": "method", "loglik": "log-likelihood", "nis": "NIS", "inside": "inside 95 %"}
    names |= {
        name: name.replace("_", " of ", 1) for name in columns if name.startswith(("rmse_", "covered_"))
    }
    names |= {"nees": "NEES", "seconds": "time per step"}
    head = [label for name, label in names.items() if name in columns] + ["refused"]
    rows = []
    for k in range(len(found.rows)):
        cells = [_cell(name, columns[name][k]) for name in names if name in columns]
        rows.append([*cells, str(columns["refused"][k])])
    best = [k for k, row in enumerate(found.rows) if row.method == found.best]
    return page.block(
        "table", "Filters compared", text=found.advice[0].upper() + found.advice[1:] + ".", head=head, rows=rows,
        marked=[], chosen=best,
    )  # fmt: skip


def model_block(page: Document, model: Model) -> Block:
    """The model in words."""
    try:
        text = explain(model).text
    except FoglightError as error:  # a function that cannot be traced still runs
        text = str(error)
    return page.block("text", "The model", text=text)


def _cell(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    if name == "seconds":
        return "–" if np.isnan(number) else f"{number * 1e6:.3g} µs"
    if name == "inside" or name.startswith("covered"):
        return "–" if np.isnan(number) else f"{100 * number:.1f} %"
    return f"{number:.8g}" if name == "loglik" and number == number else _short(number)


def _short(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.4g}"


def _bounds(low: float, high: float) -> str:
    return "" if np.isnan(low) or np.isnan(high) else f"{low:.4g} to {high:.4g}"
