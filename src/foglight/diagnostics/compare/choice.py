"""Which filter to use, and why: the simplest that none of the others clearly beats."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.diagnostics.compare.curvature import Curvature
from foglight.diagnostics.compare.scores import Compared

BATCHES = 20  # stretches of rows: what neighbouring rows say goes together, what stretches say hardly
CLEAR = 2.0  # standard errors, and in all
DECISIVE = 10.0  # of log density: e¹⁰ times as likely, beyond "very strong" (Kass & Raftery 1995, §3.2)

BENT = 0.3  # sigma, in the median row: beyond, NIS says more of the functions than of the noises


class Gain(NamedTuple):
    """By how much the log density of something is higher by one filter than by another, with its standard error; alone
    is what of it independent sayings add up to: all of it for readings, one in each stretch for the truth."""

    of: str
    total: float
    error: float
    alone: float

    @property
    def steady(self) -> bool:
        """Whether it is more than chance, as stretches differ."""
        return self.total > max(CLEAR * self.error, CLEAR)

    @property
    def clear(self) -> bool:
        """Whether it is steady, or decisive however few of the rows have said so."""
        return self.steady or self.alone > DECISIVE

    @property
    def told(self) -> bool:
        """Whether there is anything to compare by."""
        return not np.isnan(self.total)

    def __str__(self) -> str:
        how = f" ± {self.error:.2g}" if self.steady or not self.clear else ", most of it from few rows"
        total = f"{self.total:+.0f}" if abs(self.total) >= 100.0 else f"{self.total:+.3g}"
        return f"log density of {self.of} {total}{how}"


def gain(one: Compared, other: Compared) -> Gain:
    """What the first knows more than the second: of the truth, where it is known and says enough, or says the opposite;
    else of the readings, if they do, over the rows in which both have taken in the same. Between filters with other
    guards readings say nothing: who leaves out more, or bounds it, has fewer that are unlikely."""
    same = (one.used == other.used).all(axis=1) & guarded_alike((one, other))
    read = _gain("the readings", np.where(same, one.readings - other.readings, np.nan))
    if not len(one.states):
        return read
    known = _gain("the truth", one.states - other.states)
    return read if not known.told or (known.total > 0.0 and not known.clear and read.clear) else known


def guarded_alike(rows: Sequence[Compared]) -> bool:
    """Whether all methods have the same gates and bounds."""
    guards = [(row.method.gate, row.method.huber) for row in rows]
    return all(one == guards[0] for one in guards)


def _gain(of: str, difference: NDArray[np.float64]) -> Gain:
    """Vuong 1989, with the error from the sums of stretches of rows."""
    difference = difference[~np.isnan(difference)]
    if not len(difference):
        return Gain(of, float("nan"), float("inf"), float("nan"))
    total = float(np.sum(difference))
    stretches = min(BATCHES, len(difference))
    alone = total * stretches / len(difference) if of == "the truth" else total
    error = float("inf")
    if not np.isfinite(total):
        error = 0.0
    elif stretches > 1:
        sums = [part.sum() for part in np.array_split(difference, stretches)]
        error = float(np.std(sums, ddof=1) * np.sqrt(stretches))
    return Gain(of, total, error, alone)


def chosen(rows: Sequence[Compared], same: bool = False) -> Compared:
    """Down the list, from the simple to the elaborate: what clearly beats the best before it takes its place.

    same: all of them compute the same, so that what is between them is rounding."""
    best, *rest = [row for row in rows if not row.refused]
    for row in rest if not same else []:
        if gain(row, best).clear:
            best = row
    return best


def advice(rows: Sequence[Compared], best: Compared, curvature: Curvature | None, same: bool) -> str:
    """One or two sentences: which to use and why, and where not the method is what is wrong."""
    ran = [row for row in rows if not row.refused]
    others = [row for row in ran if row is not best]
    if same:
        text = f"use {best.name}: the model is linear, so that all methods compute the same"
        if others:
            slowest = max(others, key=lambda row: row.seconds)
            text += f"; {slowest.name} takes {_times(slowest, best)}"
    elif not others:
        text = f"use {best.name}: no other method ran; {_bend(curvature)}"
    elif best is ran[0]:
        rivals = [row for row in others if gain(row, best).told]
        text = f"use {best.name}: {_bend(curvature)}"
        if rivals:
            rival = max(rivals, key=lambda row: gain(row, best).total)
            text += f", and {rival.name}, at {_times(rival, best)}, knows no more ({gain(rival, best)})"
        if len(rivals) < len(others):
            text += "; gates and bounds can be compared by the truth alone: give truth"
    else:
        text = (
            f"use {best.name}: {_bend(curvature)}, and at {_times(best, ran[0])} it knows more than {ran[0].name} "
            f"({gain(best, ran[0])})"
        )
    band = best.nis
    if band.components and not best.method.gate and not band.low <= band.mean <= band.high:
        bends = curvature is not None and curvature.typical > BENT
        text += (
            f". Its NIS, {figure(band.mean)} a component, is outside [{band.low:.3f}, {band.high:.3f}]: "
            + ("no Gaussian follows functions that bend so much" if bends else "tune the noises first")
        )
    return text + "."


def figure(value: float) -> str:
    """A ratio that should be near 1: three decimals, and three digits of one that is far off."""
    return "-" if np.isnan(value) else f"{value:.3f}" if value < 1000.0 else f"{value:.3g}"


def _times(row: Compared, other: Compared) -> str:
    return f"{row.seconds / other.seconds:.1f}x the time"


def _bend(curvature: Curvature | None) -> str:
    if curvature is None:
        return "how far the functions bend is not known, since they cannot be compiled"
    size, name, row = curvature.largest
    if row < 0:
        return "no function bends"
    most = f"{size:.0f}" if size >= 10.0 else f"{size:.2g}"
    return (
        f"{name} bends by at most {most} sigma (row {row}), in the median row nothing by more than "
        f"{curvature.typical:.2g}"
    )
