"""How long a log must be for a check, and how much longer this one would have to be."""

import math

import numpy as np

from foglight.core.errors import DataError
from foglight.core.text import counted, listed
from foglight.diagnostics.check import sentences
from foglight.diagnostics.check.correlations import ENOUGH, autocorrelations
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.check.search import Result
from foglight.model.model import Model

FEWEST = 20  # components of readings below which nothing can be tested
POWER = 1.2816  # quantile of a normal for a power of 90 %
_DOUBLE = math.log(2.0)  # an error of a standard deviation that a log should show


def too_few(found: Innovations) -> DataError:
    """The error about a log with fewer than FEWEST used components of readings."""
    rows, count = len(found.value), int(found.used.sum())
    missing = FEWEST - count
    more = f", about {counted(math.ceil(missing * rows / count), 'row')} at this rate" if count else ""
    return DataError(
        f"the run used {counted(count, 'reading')} of {counted(rows, 'row')}: expected at least {FEWEST}, since fewer "
        f"say nothing about a filter. Give a log with {missing} more that the filter can use{more}.",
        field="log",
        value=count,
    )


def untested(model: Model, found: Innovations) -> list[str]:
    """A note on components that are not tested for correlation over time, because all tracks are short."""
    few = [
        pair for pair in autocorrelations(found) if found.used[:, pair.first].any() and not pair.tested.any()
    ]
    if not few:
        return []
    most = max(int(pair.counts.max(initial=0)) for pair in few)
    return [
        f"correlation over time of {listed([model.components[pair.first] for pair in few])} is not tested: that needs "
        f"{ENOUGH} pairs of readings as far apart within a track, and there are at most {most}. Give longer tracks, or "
        "more of them."
    ]


def too_short(model: Model, found: Innovations, result: Result | None) -> list[str]:
    """A note on the noises that a log is too short to judge: a standard deviation that is wrong by a factor of 2 would
    be found less than nine times in ten. The information on a factor grows in proportion to the rows."""
    if result is None:
        return []
    rows = len(found.value)
    of_all = np.diag(result.information) * rows / len(result.point.innovations.value)
    needed = {}
    for candidate, information in zip(result.candidates, of_all, strict=True):
        if candidate.kind not in ("q", "r") or (candidate.kind == "r" and len(candidate.indices) > 1):
            continue
        share = ((result.critical + POWER) / _DOUBLE) ** 2 / float(information) if information > 0.0 else 0.0
        if share > 1.0:
            name = "Q" if candidate.kind == "q" else f"the noise of {sentences.subject_of(model, candidate)}"
            needed[name] = _rounded(rows * (share - 1.0))
    if not needed:
        return []
    more = ", ".join(f"{name} {count:,}" for name, count in needed.items())
    return [
        f"this log is too short to judge {listed(list(needed))}: a std that is wrong by a factor of 2 may go unseen. "
        f"To show that nine times in ten, it would need more rows of this kind, about: {more}."
    ]


def _rounded(count: float) -> int:
    """Rounded up to two digits."""
    step = 10.0 ** max(math.floor(math.log10(max(count, 1.0))) - 1, 0)
    return round(math.ceil(count / step) * step)
