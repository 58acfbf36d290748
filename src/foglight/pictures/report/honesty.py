"""Sections on the filter's honesty: the NIS of each sensor with its band, and the correlations of innovations."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.diagnostics.check.health import PlotData, Row
from foglight.inference.run import Run
from foglight.pictures.report.curves import Curve, View, over_time
from foglight.pictures.report.document import Block, Document

MOST = 24  # pictures


def nis_blocks(
    page: Document, view: View, run: Run, statistic: PlotData, tested: Iterable[Row],
    marks: Mapping[str, NDArray[np.int64]],
) -> list[Block]:  # fmt: skip
    """The NIS of each sensor by row, and the bound that holds 95 % of it. tested: the table of a check."""
    columns, found = statistic.columns(), []
    lead = () if run.log.tracks is None else (run.log.tracks,)
    for sensor in run.model.sensors[:MOST]:
        nis, bound = (
            view.track.of(columns[f"{what}.{sensor.name}"].reshape(*lead, -1)) for what in ("nis", "bound")
        )
        curves = [
            Curve("95 % of a right model below", "bound", "dashes", bound),
            Curve("NIS", "value", "points", nis),
        ]
        rows = [row for row in tested if row.statistic.startswith("NIS") and row.subject == sensor.name]
        accused = [marks[name] for name in marks if name.partition(".")[0] == sensor.name]
        found.append(
            over_time(
                page, view, f"NIS of {sensor.name}", ("nis", sensor.name), "NIS", curves,
                text=" ".join(map(_mean, rows)), rows=np.isfinite(nis),
                marks=np.unique(np.concatenate(accused)) if accused else None,
            )
        )  # fmt: skip
    return found


def _mean(row: Row) -> str:
    """The mean NIS of all rows against its band."""
    band = f"its band {row.low:.3g} to {row.high:.3g}"
    if row.inside:
        return f"{row.statistic}, over all rows: {row.value:.3g}, inside {band}."
    why = "overconfident" if row.value > row.high else "too cautious"
    side = "above" if row.value > row.high else "below"
    return f"{row.statistic}, over all rows: {row.value:.3g}, {side} {band}: the filter is {why}."


def whiteness_blocks(page: Document, statistic: PlotData) -> list[Block]:
    """The autocorrelation of the innovations of each measure by lag, and correlations between measures."""
    columns: Mapping[str, NDArray[Any]] = statistic.columns()
    pairs = dict.fromkeys(zip(columns["first"].tolist(), columns["second"].tolist(), strict=True))
    found = []
    for first, second in list(pairs)[:MOST]:
        rows = (columns["first"] == first) & (columns["second"] == second)
        lag, value, bound = (columns[name][rows].astype(float) for name in ("lag", "correlation", "bound"))
        if len(lag) < 2 and first != second:
            continue
        order = np.argsort(lag)
        outside = int((np.abs(value) > bound).sum())
        text = (
            f"{outside} of {len(lag)} are outside the 95 % bounds; chance leaves about {0.05 * len(lag):.1g}."
        )
        title = f"Autocorrelation of {first}" if first == second else f"Correlation of {first} and {second}"
        shows = ("whiteness", first if first == second else f"{first}, {second}")
        series = [
            {"name": "correlation", "role": "value", "style": "stems", "y": page.column(value[order])},
            {"name": "95 % bounds", "role": "bound", "style": "band", "y": page.column(-bound[order]),
             "high": page.column(bound[order])},
        ]  # fmt: skip
        found.append(
            page.block(
                "lines", title, shows, text=text, shared=False, y={"label": "correlation"}, series=series,
                x={"column": page.column(lag[order], exact=True), "label": "lag (rows)"},
            )
        )  # fmt: skip
    return found
