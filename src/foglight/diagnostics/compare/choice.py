"""Which filter to use, and why: the simplest one that no other clearly beats."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.diagnostics.compare.curvature import Curvature
from foglight.diagnostics.compare.scores import Compared

BATCHES = 20  # stretches of rows: neighbouring rows are correlated, whole stretches hardly
CLEAR = 2.0  # standard errors, and total log density, beyond which a difference is significant
DECISIVE = 10.0  # of log density: e¹⁰ times as likely, beyond "very strong" (Kass & Raftery 1995, §3.2)

BENT = 0.3  # sigma, in the median row: beyond it a wrong NIS is due to the functions rather than the noises


class Gain(NamedTuple):
    """By how much one filter's log density of the readings or of the truth exceeds another's, with its standard error.

    effective: the part of the total that counts as independent: all of it for readings; for the truth, as if each
    stretch of rows were one row."""

    of: str
    total: float
    error: float
    effective: float

    @property
    def steady(self) -> bool:
        """Whether it is significant, judged by how much stretches of rows differ."""
        return self.total > max(CLEAR * self.error, CLEAR)

    @property
    def clear(self) -> bool:
        """Whether it is steady, or decisive even if it comes from few rows."""
        return self.steady or self.effective > DECISIVE

    @property
    def comparable(self) -> bool:
        """Whether there was anything to compare."""
        return not np.isnan(self.total)

    def __str__(self) -> str:
        how = f" ± {self.error:.2g}" if self.steady or not self.clear else ", most of it from few rows"
        total = f"{self.total:+.0f}" if abs(self.total) >= 100.0 else f"{self.total:+.3g}"
        return f"log density of {self.of} {total}{how}"


def gain(one: Compared, other: Compared) -> Gain:
    """By how much the first filter is better than the second, by the log density of the truth or of the readings.

    The truth decides where it is known, unless its difference is positive but not clear and that of the readings is
    clear. Readings are compared over the rows in which both filters used the same components, and only between filters
    with the same gates and bounds: a filter that leaves out or bounds more readings has fewer unlikely ones."""
    same = (one.used == other.used).all(axis=1) & guarded_alike((one, other))
    read = _gain("the readings", np.where(same, _less(one.readings, other.readings), np.nan))
    if not len(one.states):
        return read
    known = _gain("the truth", _less(one.states, other.states))
    return read if not known.comparable or (known.total > 0.0 and not known.clear and read.clear) else known


def guarded_alike(rows: Sequence[Compared]) -> bool:
    """Whether all methods have the same gates and bounds."""
    guards = [(row.method.gate, row.method.huber, row.method.student) for row in rows]
    return all(one == guards[0] for one in guards)


def _less(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The difference; NaN where both are infinite, since such rows favour neither filter."""
    with np.errstate(invalid="ignore"):
        return one - other


def _gain(of: str, difference: NDArray[np.float64]) -> Gain:
    """The sum of the rows' differences (Vuong 1989), its standard error from the sums of stretches of rows."""
    difference = difference[~np.isnan(difference)]
    if not len(difference):
        return Gain(of, float("nan"), float("inf"), float("nan"))
    with np.errstate(invalid="ignore"):  # infinite rows in both directions: nothing to compare
        total = float(np.sum(difference))
    stretches = min(BATCHES, len(difference))
    effective = total * stretches / len(difference) if of == "the truth" else total
    error = float("inf")
    if not np.isfinite(total):
        error = 0.0
    elif stretches > 1:
        sums = [part.sum() for part in np.array_split(difference, stretches)]
        error = float(np.std(sums, ddof=1) * np.sqrt(stretches))
    return Gain(of, total, error, effective)


def chosen(rows: Sequence[Compared], same: bool = False) -> Compared:
    """The best method: going down the list, from simple to elaborate, each one that clearly beats the best so far.

    same: all methods compute the same, so that differences are rounding."""
    best, *rest = [row for row in rows if not row.refused]
    for row in rest if not same else []:
        if gain(row, best).clear:
            best = row
    return best


def advice(rows: Sequence[Compared], best: Compared, curvature: Curvature | None, same: bool) -> str:
    """One or two sentences: which method to use and why, and whether the noises have to be tuned first."""
    ran = [row for row in rows if not row.refused]
    others = [row for row in ran if row is not best]
    if same:
        text = f"use {best.name}: the model is linear, so all methods compute the same"
        if others:
            slowest = max(others, key=lambda row: row.seconds)
            text += f"; {slowest.name} takes {_times(slowest, best)}"
    elif not others:
        text = f"use {best.name}: no other method ran; {_curvature_text(curvature)}"
    elif best is ran[0]:
        rivals = [row for row in others if gain(row, best).comparable]
        text = f"use {best.name}: {_curvature_text(curvature)}"
        if rivals:
            rival = max(rivals, key=lambda row: gain(row, best).total)
            text += f", and {rival.name}, at {_times(rival, best)}, is no better ({gain(rival, best)})"
        if len(rivals) < len(others):
            text += "; different gates or bounds can be compared only against the truth: give truth"
    else:
        text = (
            f"use {best.name}: {_curvature_text(curvature)}, and at {_times(best, ran[0])} it is better than "
            f"{ran[0].name} ({gain(best, ran[0])})"
        )
    band = best.nis
    if band.components and not best.method.gate and not band.low <= band.mean <= band.high:
        bends = curvature is not None and curvature.typical > BENT
        text += (
            f". Its NIS, {figure(band.mean)} per component, is outside [{band.low:.3f}, {band.high:.3f}]: "
            + ("no Gaussian fits functions that bend so much" if bends else "tune the noises first")
        )
    return text + "."


def figure(value: float) -> str:
    """A ratio that should be near 1: to three decimals, or to three digits if it is far off."""
    return "-" if np.isnan(value) else f"{value:.3f}" if value < 1000.0 else f"{value:.3g}"


def _times(row: Compared, other: Compared) -> str:
    return f"{row.seconds / other.seconds:.1f}x the time"


def _curvature_text(curvature: Curvature | None) -> str:
    if curvature is None:
        return "how far the functions bend is unknown, since they cannot be compiled"
    size, name, row = curvature.largest
    if row < 0:
        return "no function bends"
    most = f"{size:.0f}" if size >= 10.0 else f"{size:.2g}"
    return f"{name} bends by at most {most} sigma (row {row}; in the median row {curvature.typical:.2g})"
