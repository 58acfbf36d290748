"""Section: each state with its band, against the readings of it and the truth."""

from collections.abc import Container, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.inference.run import Run
from foglight.inference.smooth import Smoothed
from foglight.pictures.plot import sentences
from foglight.pictures.plot.artists import unbroken
from foglight.pictures.plot.rejected import NAME as REJECTED
from foglight.pictures.plot.rejected import rejected
from foglight.pictures.plot.results import band_of, labelled, named, readings_of
from foglight.pictures.report.curves import Curve, View, crossed, over_time
from foglight.pictures.report.document import Block, Document
from foglight.pictures.report.fixed_sensors import FixedSensor

MOST = 24  # states that are drawn
NO_OTHERS: Mapping[str, Run] = MappingProxyType({})
_OTHERS = ("three", "six", "four", "seven")  # roles of the runs of other methods
BAND = 0.9545  # the share of a Gaussian within ±2 standard deviations


def state_blocks(
    page: Document, view: View, run: Run, smoothed: Smoothed | None, truth: Floats | None, sensors: list[FixedSensor],
    others: Mapping[str, Run] = NO_OTHERS, only: Container[int] | None = None,
) -> list[Block]:  # fmt: skip
    """A picture of each state of a track.

    truth: of all tracks, in the shape of `run.filtered.mean`; others: runs of the same log with other methods, whose
    means are drawn; only: the numbers of the pictures to make, None for all."""
    return [
        _state(page, view, run, smoothed, truth, name, _positions(run, view, sensors, name), others)
        for k, name in enumerate(list(named(run.filtered))[:MOST])
        if only is None or k in only
    ]


def _positions(run: Run, view: View, sensors: list[FixedSensor], name: str) -> list[Curve]:
    """What sensors of distance and direction say of a coordinate."""
    z, left_out, found = view.track.of(run._received), view.track.of(rejected(run)), []
    for sensor in sensors:
        given = sensor.positions(z)
        for k, i in enumerate((sensor.x, sensor.y)):
            if given is not None and run.model.state[i] == name:
                found += _measured(sensor.name, given[:, k], sensor.marked(left_out))
    return found


def _measured(name: str, values: Floats, off: NDArray[np.bool_]) -> list[Curve]:
    """Readings, and apart from them those that a gate rejected, off."""
    return [
        Curve(f"measured, {name}", "measured", "points", np.where(off, np.nan, values)),
        crossed(f"{REJECTED}, {name}", np.where(off, values, np.nan)),
    ]


def _state(
    page: Document, view: View, run: Run, smoothed: Smoothed | None, truth: Floats | None, name: str,
    positions: list[Curve], others: Mapping[str, Run],
) -> Block:  # fmt: skip
    """A picture of one state; positions: readings of it by distance and direction."""
    at, wraps = view.track, name in run.model.motion.angles
    mean, std = named(run.filtered)[name]
    x = at.of(mean)
    shown = unbroken(x) if wraps else x

    def beside(values: Floats) -> Floats:
        """The values, of an angle those nearest to what is shown."""
        return shown + np.arctan2(np.sin(values - x), np.cos(values - x)) if wraps else values

    curves, said = list(positions), []
    left_out = at.of(rejected(run))
    for component, reading in readings_of(run, name):
        off = left_out[:, run.model.components.index(component)]
        curves += _measured(component, beside(at.of(reading)), off)
    beliefs = [("filtered", shown, None if std is None else at.of(std))]
    if smoothed is not None:
        later, spread = named(smoothed)[name]
        beliefs.append(("smoothed", beside(at.of(later)), None if spread is None else at.of(spread)))
    for role, centre, s in beliefs:
        if s is not None:
            curves.append(Curve(f"{role} ± 2σ", role, "band", *band_of(run.model, name, centre, s, 2.0)))
    for role, centre, s in beliefs:
        line = centre if s is None else np.where(np.isfinite(s), centre, np.nan)
        curves.append(Curve(role, role, "line", line))
    for role, (label, other) in zip(_OTHERS, others.items(), strict=False):
        curves.append(Curve(label, role, "dashes", beside(at.of(named(other.filtered)[name][0]))))
    if truth is not None:
        true = beside(at.of(truth[..., run.model.ambient.index(name)]))
        curves.append(Curve("truth", "truth", "dashes", true))
        said += _honest(true, *beliefs[-1], name)
    if beliefs[0][2] is not None:
        said += sentences.unknown(beliefs[0][2], name)
    return over_time(
        page, view, name, ("state", name), labelled(run.model, name), curves, text=" ".join(said)
    )


def _honest(true: Floats, role: str, x: Floats, s: Floats | None, name: str) -> list[str]:
    """A sentence if the truth is inside the band more or less often than it should be."""
    if s is None:
        return []
    return sentences.outside_band(true - x, s, 2.0, BAND, f"The true {name}", f"the {role} ±2σ band")
