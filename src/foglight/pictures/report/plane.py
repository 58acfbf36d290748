"""Section: a map of the state in its plane, with ellipses, what was measured, and sensors at fixed positions."""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.inference.gaussians import Gaussians
from foglight.inference.run import Run
from foglight.inference.smooth import Smoothed
from foglight.pictures.decimation import Pieces
from foglight.pictures.plot.planar import _AXES
from foglight.pictures.plot.rejected import NAME as REJECTED
from foglight.pictures.plot.rejected import rejected
from foglight.pictures.plot.results import labelled, readings_of
from foglight.pictures.report.curves import View, seconds
from foglight.pictures.report.document import Block, Document
from foglight.pictures.report.fixed_sensors import FixedSensor

PROBABILITY = 0.95  # of an ellipse
_ELLIPSES = 1_000  # that are kept; the page draws a few of them
_REACH = -2.0 * np.log1p(-PROBABILITY)  # of eᵀ P⁻¹ e, in two dimensions


def plane_blocks(
    page: Document,
    view: View,
    run: Run,
    smoothed: Smoothed | None,
    truth: Floats | None,
    sensors: list[FixedSensor],
) -> list[Block]:
    """The map of a track; none where no two states are known as a plane."""
    pair = _pair(run, sensors)
    if pair is None:
        return []
    (i, j), at = pair, view.track
    names = [run.model.state[k] for k in pair]
    columns = [run.model.ambient.index(name) for name in names]
    here = [sensor for sensor in sensors if (sensor.x, sensor.y) == pair]
    beliefs, role = (run.filtered, "filtered") if smoothed is None else (smoothed, "smoothed")
    known = np.isfinite(at.of(beliefs.std)[:, [i, j]]).all(axis=1)
    path = np.where(known[:, None], at.of(beliefs.mean)[:, columns], np.nan)
    paths = []
    for name, z, off in _measured(run, view, names, here):
        paths.append((f"measured, {name}", "measured", "points", np.where(off[:, None], np.nan, z)))
        paths.append((f"{REJECTED}, {name}", "alarm", "crosses", np.where(off[:, None], z, np.nan)))
    if truth is not None:
        paths.append(("truth", "truth", "dashes", at.of(truth)[:, columns]))
    paths.append((role, role, "line", path))
    return [
        page.block(
            "plane", f"Map of {names[0]} and {names[1]}", ("map", ""), track=view.number,
            text=f"The plane of two states; each ellipse holds the position with a probability of {PROBABILITY:.0%}.",
            x={"label": labelled(run.model, names[0])}, y={"label": labelled(run.model, names[1])},
            paths=[_path(page, view, *one) for one in paths if np.isfinite(one[3]).any()],
            ellipses=_ellipses(page, view, role, path, beliefs, pair, np.flatnonzero(known)),
            sensors=[{"name": sensor.name, "x": sensor.at[0], "y": sensor.at[1]} for sensor in here],
        )
    ]  # fmt: skip


def _pair(run: Run, sensors: list[FixedSensor]) -> tuple[int, int] | None:
    """The two states of the plane: those that sensors see from a fixed position, or whose names say so."""
    if sensors:
        return sensors[0].x, sensors[0].y
    plain = [name for name in run.model.state if name in run.model.ambient]
    named = next((pair for pair in _AXES if set(pair) <= set(plain)), None)
    return None if named is None else (run.model.state.index(named[0]), run.model.state.index(named[1]))


def _measured(
    run: Run, view: View, names: list[str], sensors: list[FixedSensor]
) -> list[tuple[str, Floats, NDArray[np.bool_]]]:
    """Positions (T, 2) that single readings give, of both states directly or by distance and direction; and which of
    them (T,) a gate rejected."""
    found, left_out, components = [], view.track.of(rejected(run)), run.model.components
    across, up = (dict(readings_of(run, name)) for name in names)
    for first, values in across.items():
        name = first.partition(".")[0]
        other = next((up[measure] for measure in up if measure.partition(".")[0] == name), None)
        if other is not None:
            xy = np.stack([view.track.of(values), view.track.of(other)], axis=1)
            found.append((name, xy, left_out[:, components.index(first)]))
    z = view.track.of(run._received)
    for sensor in sensors:
        positions = sensor.positions(z)
        if positions is not None:
            found.append((sensor.name, positions, sensor.marked(left_out)))
    return found


def _path(page: Document, view: View, name: str, role: str, style: str, xy: Floats) -> dict[str, object]:
    time = seconds(view.track)
    rows = (
        np.flatnonzero(np.isfinite(xy).all(axis=1)) if style in ("points", "crosses") else np.arange(len(xy))
    )
    share = view.most // 4
    pieces, chosen = Pieces(time[rows], share), np.zeros(len(rows), bool)
    for k in (0, 1):
        chosen[pieces.extremes(xy[rows, k])] = True
    if style in ("points", "crosses") and not chosen.all():  # extremes alone would look like an empty tube
        chosen[np.linspace(0, len(rows) - 1, share).astype(int)] = True
    kept = rows[chosen]
    x, y = (page.column(xy[kept, k]) for k in (0, 1))
    return {
        "name": name,
        "role": role,
        "style": style,
        "x": x,
        "y": y,
        "time": page.column(time[kept], exact=True),
    }


def _ellipses(
    page: Document,
    view: View,
    role: str,
    path: Floats,
    beliefs: Gaussians,
    pair: tuple[int, int],
    known: NDArray[np.int64],
) -> dict[str, object] | None:
    """Half axes and directions of ellipses, evenly over the rows in which the position is known."""
    if not len(known):
        return None
    at = view.track
    rows = known[np.unique(np.linspace(0, len(known) - 1, min(_ELLIPSES, view.most // 2)).astype(int))]
    found = beliefs._at(rows if at.rows is None else at.rows[rows]).cov
    cov = found[at.number] if at.shared else found
    variance, axes = np.linalg.eigh(cov[np.ix_(range(len(rows)), pair, pair)])
    half = np.sqrt(_REACH * np.maximum(variance, 0.0))
    angle = np.arctan2(axes[:, 1, 1], axes[:, 0, 1])
    fields = {"x": path[rows, 0], "y": path[rows, 1], "a": half[:, 1], "b": half[:, 0], "angle": angle}
    return {
        "role": role, "name": f"{PROBABILITY:.0%} ellipses", "time": page.column(seconds(view.track)[rows], exact=True),
        **{name: page.column(values) for name, values in fields.items()},
    }  # fmt: skip
