"""What stands on a page, in its order: from a run and what else is known about it to the document."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from foglight.core.text import counted
from foglight.core.timestamps import NUMBER
from foglight.core.types import Floats
from foglight.core.version import __version__
from foglight.data.readers.position import kind_of
from foglight.diagnostics.check.health import Health, PlotData
from foglight.diagnostics.compare.compare import Comparison
from foglight.inference.run import Run
from foglight.inference.smooth import Smoothed
from foglight.pictures.plot.results import statistics_of
from foglight.pictures.plot.tracks import track_of
from foglight.pictures.report.components import component_blocks
from foglight.pictures.report.curves import View
from foglight.pictures.report.document import Block, Document
from foglight.pictures.report.findings import accused, sentences_block
from foglight.pictures.report.fixed_sensors import fixed_sensors
from foglight.pictures.report.honesty import nis_blocks, whiteness_blocks
from foglight.pictures.report.plane import plane_blocks
from foglight.pictures.report.readings import gain_blocks, innovation_blocks, reading_blocks
from foglight.pictures.report.states import MOST, state_blocks
from foglight.pictures.report.tables import comparison_block, model_block, parameter_block, statistics_block
from foglight.tuning.fit import Fit

MOST_TRACKS = 8  # that are drawn
_LEADS = {
    "states": "What the filter knows of each state after every row.",
    "readings": "What each sensor was expected to say, and what it said.",
    "innovations": "Readings minus expectations. Those of a right model are white noise within their band.",
    "gains": "How far each reading moves each state.",
    "components": "What each part of the model contributes to the readings.",
}
_ROWS = 400_000  # over all pictures
_LEAST, _LARGEST = 2_000, 20_000  # rows of a picture


class Known(NamedTuple):
    """All that a page shows. truth: of all tracks, in the shape of `run.filtered.mean`."""

    run: Run
    smoothed: Smoothed | None
    health: Health | None
    truth: Floats | None
    comparison: Comparison | None
    fit: Fit | None


def contents(known: Known, title: str, note: str = "") -> dict[str, Any]:
    """The document of a page, as docs/reference/page-data.md describes it: plain data for JSON."""
    page, run = Document(), known.run
    statistics, _ = statistics_of(run, "report")
    views = _views(run)
    drawn = [_of_track(page, view, known, statistics) for view in views]
    states, readings, innovations, gains, components = (
        [block for blocks in kind for block in blocks] for kind in zip(*drawn, strict=True)
    )
    innovations += whiteness_blocks(page, statistics["whiteness"])
    health, comparison = known.health, known.comparison
    sections = [
        ("check", "Check", [] if health is None else [sentences_block(page, health)]),
        ("states", "States", states),
        ("readings", "Readings", readings),
        ("innovations", "Innovations", innovations),
        ("gains", "Gains", gains),
        ("components", "Components", components),
        ("tests", "Tests", [] if health is None else [statistics_block(page, health)]),
        ("parameters", "Parameters", [parameter_block(page, run.model, known.fit)]),
        ("comparison", "Comparison", [] if comparison is None else [comparison_block(page, comparison)]),
        ("model", "Model", [model_block(page, run.model)]),
    ]
    return {
        "format": "foglight-page",
        "version": 1,
        "title": title,
        "facts": _facts(run),
        "notes": [note] * bool(note) + _notes(run, views),
        "made": f"Made by Foglight {__version__}. This file holds all its data and loads nothing.",
        "tracks": [str(name) for name in _track_names(run)[: len(views)]],
        "columns": page.columns,
        "sections": [
            {"id": name, "title": heading, "text": _LEADS.get(name, ""), "blocks": blocks}
            for name, heading, blocks in sections
            if blocks
        ],
    }


def _of_track(
    page: Document, view: View, known: Known, statistics: Mapping[str, PlotData]
) -> tuple[list[Block], ...]:
    """The blocks of a track: states with their map, readings, innovations with NIS, gains, components."""
    run, health = known.run, known.health
    marks = {} if health is None else accused(run, health, view.track)
    tested = () if health is None else health.rows
    about = (page, view, run, known.smoothed, known.truth, fixed_sensors(run))
    return (
        [*plane_blocks(*about), *state_blocks(*about)],
        reading_blocks(page, view, run, marks),
        nis_blocks(page, view, run, statistics["nis"], tested, marks)
        + innovation_blocks(page, view, run, marks),
        gain_blocks(page, view, run),
        component_blocks(page, view, run, run if known.smoothed is None else known.smoothed),
    )


def _views(run: Run) -> list[View]:
    names = _track_names(run)
    shown = min(len(names), MOST_TRACKS) or 1
    pictures = shown * (
        min(len(run.model.state), MOST) + 3 * len(run.model.components) + len(run.model.sensors)
    )
    most = int(np.clip(_ROWS // pictures, _LEAST, _LARGEST))
    tracks = [track_of(run.log, names[k] if names else None) for k in range(shown)]
    return [View(track, k if len(names) > 1 else None, most) for k, track in enumerate(tracks)]


def _track_names(run: Run) -> list[Any]:
    if run.log.tracks is not None:
        return list(range(run.log.tracks))
    return list(run.log.track_names) if run.log.track is not None else []


def _facts(run: Run) -> list[str]:
    facts = [repr(run.method), counted(len(run.log) * (run.log.tracks or 1), "row")]
    if len(_track_names(run)) > 1:
        facts.append(counted(len(_track_names(run)), "track"))
    if kind_of(run.log.origin) == NUMBER and len(run.log):
        facts.append(f"{(run.log.time_ns.max() - run.log.time_ns.min()) / 1e9:g} s")
    return [*facts, f"log-likelihood {np.sum(run.loglik):.8g}", run.engine]


def _notes(run: Run, views: list[View]) -> list[str]:
    notes, model = [], run.model
    longest = max(len(view.track.time) for view in views)
    if longest > views[0].most:
        notes.append(
            f"{longest:,} rows are more than a page can draw: each picture keeps the least and the greatest values of "
            "short pieces of time, so that no spike is hidden."
        )  # fmt: skip
    if len(_track_names(run)) > len(views):
        notes.append(f"{len(views)} of {len(_track_names(run))} tracks are drawn.")
    if len(model.state) > MOST or len(model.components) > MOST:
        notes.append(f"At most {MOST} states and {MOST} measures are drawn.")
    return notes
