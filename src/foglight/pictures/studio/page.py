"""The live page as data: the sections of a report that a move of a slider changes."""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from foglight.core.text import counted
from foglight.core.types import Floats
from foglight.core.version import __version__
from foglight.diagnostics.chi_square import nis_band, quantile
from foglight.inference.run import Run
from foglight.pictures.plot.results import direct, labelled, unit_of
from foglight.pictures.plot.tracks import track_of
from foglight.pictures.report.curves import Curve, View, over_time
from foglight.pictures.report.document import Block, Document
from foglight.pictures.report.plane import plane_blocks
from foglight.pictures.report.readings import gain_blocks, innovation_blocks
from foglight.pictures.report.states import state_blocks
from foglight.pictures.studio.session import Session

MOST = 2_000  # rows of a picture
_COARSE = 500  # of a map while a slider moves
_REACH = 4.0  # standard deviations of a density that are drawn
_POINTS = 161  # of a density


def page_of(session: Session, row: int, view: Collection[str] | None = None) -> dict[str, Any]:
    """The document of the page, as docs/reference/page-data.md describes it.

    row: whose densities a scalar model shows.  view: the pictures that are in sight while a slider moves, each as its
    section and its number in it, such as "states 0"; None for all. Where a section has only some of its pictures, `at`
    has their numbers.
    """
    run = session.run
    page, track = Document(stored=bytes), View(track_of(run.log), None, MOST)
    others = {name.upper(): other for name, other in session.others.items()}

    def plane() -> list[Block]:
        coarse = track if view is None else track._replace(most=_COARSE)
        return plane_blocks(page, coarse, run, None, None, session.positions)

    in_sight = None if view is None else sorted({k for name, k in map(_parts, view) if name == "states"})

    def states() -> list[Block]:
        return state_blocks(page, track, run, None, None, session.positions, others, in_sight)

    every: list[tuple[str, str, Callable[[], list[Block]]]] = [
        ("map", "Map", plane),
        ("states", "States", states),
        ("fusion", "Two densities and their product", lambda: _fusion(page, track, run, row)),
        ("innovations", "Innovations", lambda: innovation_blocks(page, track, run, {})),
        ("nis", "NIS", lambda: [_nis(page, track, run)]),
        ("gains", "Gains", lambda: gain_blocks(page, track, run)),
    ]
    sections = []
    for name, title, blocks_of in every:
        blocks = blocks_of() if view is None or any(_parts(one)[0] == name for one in view) else []
        if blocks:
            section: dict[str, Any] = {"id": name, "title": title, "blocks": blocks}
            if name in session.given.lesson:
                section["text"] = session.given.lesson[name]
            if name == "states" and in_sight is not None:
                section["at"] = in_sight[: len(blocks)]
            sections.append(section)
    return {
        "format": "foglight-page",
        "version": 1,
        "title": session.given.title,
        "facts": _facts(session),
        "notes": _notes(session),
        "made": f"Foglight {__version__}",
        "tracks": [],
        "columns": page.columns,
        "sections": sections,
    }


def _parts(picture: str) -> tuple[str, int]:
    """The section of a picture, and its number in it; 0 for a text that is not a number."""
    section, _, number = picture.partition(" ")
    return section, int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


def _facts(session: Session) -> list[str]:
    run = session.run
    band = nis_band(run)
    facts = [session.log_name] if session.log_name else []
    facts += [counted(len(run.log), "row"), f"{run.method!r}", f"log-likelihood {run.loglik:.6g}"]
    if band.components:
        inside = "inside" if band.low <= band.mean <= band.high else "outside"
        facts.append(f"mean NIS {band.mean:.3f}, {inside} {band.low:.3f} to {band.high:.3f}")
    return facts


def _notes(session: Session) -> list[str]:
    notes = []
    if len(session.log) > MOST:
        notes.append(
            f"The log has {len(session.log):,} rows. Each curve shows the least and the greatest value in pieces of "
            f"it, about {MOST:,} in all; the filter uses every row."
        )
    for sensor, first in session.settings.missing.items():
        notes.append(f"What if: the readings of {sensor} are left out from row {first} on.")
    return notes


def _nis(page: Document, view: View, run: Run) -> Block:
    """The NIS of each row, and the bound that holds 95 % of it if the model is right."""
    used = np.isfinite(run.innovation).sum(axis=1)
    bound = np.concatenate([[np.nan], quantile(np.arange(1, used.max(initial=0) + 1), 0.95)])[used]
    curves = [
        Curve("95 % of a right model below", "bound", "dashes", bound),
        Curve("NIS", "value", "points", run.nis),
    ]
    return over_time(
        page, view, "NIS of every row", ("nis", ""), "NIS", curves, rows=np.isfinite(run.nis),
        text="Click on a value for the numbers of its row.",
    )  # fmt: skip


def _fusion(page: Document, track: View, run: Run, row: int) -> list[Block]:
    """Of a scalar state with one sensor that reads it: its densities in a row, and its variance. Nothing of others."""
    read = direct(run).get(run.model.state[0], [])
    if len(run.model.state) != 1 or len(run.model.components) != 1 or len(read) != 1:
        return []
    densities = _densities(page, run, row, *read[0][1:])
    return [*([] if densities is None else [densities]), _variance(page, track, run)]


def _densities(page: Document, run: Run, row: int, h: float, d: float) -> Block | None:
    """The prediction and the reading z = h x + d as densities of the state, and their product."""
    name = run.model.state[0]
    mean, P = float(run.filtered.mean[row, 0]), float(run.filtered.cov[row, 0, 0])
    z = (float(run._received[row, 0]) - d) / h
    before, P_before = float(run.predicted.mean[row, 0]), float(run.predicted.cov[row, 0, 0])
    R = float(run.innovation_cov[row, 0, 0]) / (h * h) - P_before
    shown = [("prediction", "predicted", before, P_before), ("reading", "measured", z, R)]
    shown += [("both together", "filtered", mean, P)]
    shown = [one for one in shown if np.isfinite(one[2]) and 0.0 < one[3] < np.inf]
    if not shown:
        return None
    low = min(m - _REACH * np.sqrt(v) for _, _, m, v in shown)
    high = max(m + _REACH * np.sqrt(v) for _, _, m, v in shown)
    x = np.unique(np.concatenate([np.linspace(low, high, _POINTS), *(_near(m, v) for _, _, m, v in shown)]))
    series = [
        {"name": label, "role": role, "style": "line", "y": page.column(_density(x, m, v))}
        for label, role, m, v in shown
    ]
    unit = unit_of(run.model, name)
    weight = "" if len(shown) < 3 else (
        f" The reading has the weight {P_before / (P_before + R):.3f}, the gain, and the prediction the rest: each has "
        "its share of 1/variance."
    )  # fmt: skip
    text = f"Row {row}: {_said(shown, unit)}.{weight} Click on a picture over time for another row."
    return page.block(
        "lines", f"What is known of {name} in row {row}", ("density", name), text=text, shared=False,
        x={"column": page.column(x, exact=True), "label": labelled(run.model, name)}, y={"label": "density"},
        series=series,
    )  # fmt: skip


def _said(shown: list[tuple[str, str, float, float]], unit: str) -> str:
    return ", ".join(f"{label} {m:.3f} ± {np.sqrt(v):.3f} {unit}".rstrip() for label, _, m, v in shown)


def _near(mean: float, variance: float) -> Floats:
    """Points where a density is not small, so that a narrow one beside a wide one is drawn, too."""
    return np.asarray(mean + np.sqrt(variance) * np.linspace(-_REACH, _REACH, _POINTS))


def _density(x: Floats, mean: float, variance: float) -> Floats:
    """N(x; m, v) = exp(-(x - m)²/2v) / √(2πv)."""
    return np.asarray(np.exp(-0.5 * (x - mean) ** 2 / variance) / np.sqrt(2.0 * np.pi * variance))


def _variance(page: Document, view: View, run: Run) -> Block:
    """The variance of a scalar state before and after each reading."""
    curves = [
        Curve("predicted", "predicted", "line", run.predicted.cov[:, 0, 0]),
        Curve("filtered", "filtered", "line", run.filtered.cov[:, 0, 0]),
    ]
    name = run.model.state[0]
    unit = unit_of(run.model, name)
    return over_time(
        page, view, f"Variance of {name}", ("variance", name), f"P ({unit}²)" if unit else "P", curves,
        text="It depends on when there were readings, not on what they said: it settles where each reading takes away "
        "what the time since the last one added.",
    )  # fmt: skip
