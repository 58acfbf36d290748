"""Sections: each measure against its prediction, its innovations with ±2σ, and the gains of its sensor."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.inference.run import Run
from foglight.pictures.plot import sentences
from foglight.pictures.plot.artists import unbroken
from foglight.pictures.plot.rejected import NAME as REJECTED
from foglight.pictures.plot.rejected import innovations_of, rejected
from foglight.pictures.plot.results import labelled, unit_of
from foglight.pictures.report.curves import Curve, View, crossed, over_time
from foglight.pictures.report.document import Block, Document

MOST = 24  # measures that are drawn
LINES = 8  # gains in a picture
ROLES = ("one", "two", "three", "four", "five", "six", "seven", "eight")

Marks = Mapping[str, NDArray[np.int64]]  # rows of a track that are accused, by measure


def reading_blocks(page: Document, view: View, run: Run, marks: Marks) -> list[Block]:
    """Each measure with its prediction."""
    found, left_out = [], view.track.of(rejected(run))
    for j, name in enumerate(run.model.components[:MOST]):
        z, e, spread = _of_measure(run, view, j)
        off = left_out[:, j]
        z = unbroken(z) if name.rpartition(".")[2] in _angles(run, name) else z
        expected = z - e
        curves = [
            Curve("predicted ± 2σ", "predicted", "band", expected - 2.0 * spread, expected + 2.0 * spread),
            Curve("predicted", "predicted", "line", expected),
            Curve("measured", "measured", "points", np.where(off, np.nan, z)),
            crossed(REJECTED, np.where(off, z, np.nan)),
        ]
        unused = int((np.isfinite(z) & np.isnan(e)).sum())
        text = f"{unused} of {int(np.isfinite(z).sum())} readings were not used." if unused else ""
        found.append(
            over_time(
                page, view, name, ("reading", name), labelled(run.model, name), curves, text=text,
                rows=np.isfinite(z), marks=marks.get(name),
            )
        )  # fmt: skip
    return found


def innovation_blocks(page: Document, view: View, run: Run, marks: Marks) -> list[Block]:
    """The innovations of each measure, with twice their standard deviation."""
    found, others = [], innovations_of(run, rejected(run))
    for j, name in enumerate(run.model.components[:MOST]):
        _, e, spread = _of_measure(run, view, j)
        off = np.full(len(e), np.nan) if others is None else view.track.of(others)[:, j]
        curves = [
            Curve("± 2σ", "bound", "band", -2.0 * spread, 2.0 * spread),
            Curve("innovation", "value", "points", e),
            crossed(REJECTED, off),
        ]
        said = sentences.off_zero(e, spread, f"the innovation of {name}", unit_of(run.model, name))
        text = " ".join(sentence[0].upper() + sentence[1:] for sentence in said)
        found.append(
            over_time(
                page, view, f"Innovation of {name}", ("innovation", name), labelled(run.model, name), curves,
                text=text, rows=np.isfinite(e) | np.isfinite(off), marks=marks.get(name),
            )
        )  # fmt: skip
    return found


def gain_blocks(page: Document, view: View, run: Run) -> list[Block]:
    """The gains of each measure, one line a state; of many states those with the largest gains."""
    found, states = [], run.model.state
    for j, name in enumerate(run.model.components[:MOST]):
        K = view.track.of(run.gain)[:, :, j]
        known = np.isfinite(K).all(axis=1)
        if not known.any():
            continue
        size = np.abs(K[known]).max(axis=0)
        largest = np.sort(np.argsort(-size, kind="stable")[:LINES])
        curves = [Curve(states[i], ROLES[k], "line", K[:, i]) for k, i in enumerate(largest) if size[i] > 0.0]
        left = int((size > 0.0).sum()) - len(curves)
        text = f"The {LINES} largest; {left} more are not drawn." if left else ""
        found.append(
            over_time(page, view, f"Gain of {name}", ("gain", name), "gain", curves, text=text, rows=known)
        )
    return found


def _of_measure(run: Run, view: View, j: int) -> tuple[Floats, Floats, Floats]:
    """The readings of a track, their innovations and the standard deviations of these, (T,) each."""
    at = view.track
    variance = at.of(run.innovation_cov)[:, j, j]
    spread = np.sqrt(np.where(np.isfinite(variance), variance, np.nan))
    return at.of(run._received)[:, j], at.of(run.innovation)[:, j], spread


def _angles(run: Run, name: str) -> tuple[str, ...]:
    """The angles among the measures of the sensor of a component."""
    return next(sensor.angles for sensor in run.model.sensors if sensor.name == name.partition(".")[0])
