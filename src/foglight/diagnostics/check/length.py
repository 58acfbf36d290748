"""How long a log must be for a check, and how much longer this one would have to be."""

import math
from collections.abc import Iterator

import numpy as np

from foglight.core.errors import DataError
from foglight.core.text import counted, listed
from foglight.diagnostics.check import sentences
from foglight.diagnostics.check.correlations import ENOUGH, Correlations
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.check.search import Result
from foglight.model.model import Model

FEWEST = 20  # components of readings below which nothing can be tested
_POWER = 1.2816  # quantile of a normal for a power of 90 %
_HOPELESS = 1e4  # times the log, from where no length is stated: `power` says that it does not show at all
_DOUBLE = math.log(2.0)  # an error of a standard deviation that a log should show
_UNSEEN = 100.0  # a factor that is as good as none
_LISTED = 8  # noises whose power is stated one by one, at most


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


def untested(model: Model, found: Innovations, pairs: list[Correlations]) -> list[str]:
    """A note on components that are not tested for correlation over time, because all tracks are short; pairs: the
    autocorrelations."""
    few = [pair for pair in pairs if found.used[:, pair.first].any() and not pair.tested.any()]
    if not few:
        return []
    most = max(int(pair.counts.max(initial=0)) for pair in few)
    return [
        f"correlation over time of {listed([model.components[pair.first] for pair in few])} is not tested: that needs "
        f"{ENOUGH} pairs of readings as far apart within a track, and there are at most {most}. Give longer tracks, or "
        "more of them."
    ]


def too_short(model: Model, found: Innovations, result: Result) -> list[str]:
    """A note on the noises that a log is too short to judge: a standard deviation that is wrong by a factor of 2 would
    be found less than nine times in ten. The information on a factor grows in proportion to the rows."""
    rows = len(found.value)
    needed = {}
    for _, name, of_searched in _noises(model, result):
        information = of_searched * rows / len(result.point.innovations.value)
        share = ((result.critical + _POWER) / _DOUBLE) ** 2 / information if information > 0.0 else 0.0
        if 1.0 < share < _HOPELESS:
            needed[name] = _rounded(rows * (share - 1.0))
    if not needed:
        return []
    more = ", ".join(f"{name} {count:,}" for name, count in needed.items())
    return [
        f"this log is too short to judge {listed(list(needed))}: a std that is wrong by a factor of 2 may go unseen. "
        f"To show that nine times in ten, it would need more rows of this kind, about: {more}."
    ]


def power(model: Model, result: Result) -> list[str]:
    """A note on the smallest wrong factors that the search would find in this log, nine times in ten."""
    least = [
        (kind, name, float(np.exp(min((result.critical + _POWER) / np.sqrt(information), 20.0))))
        for kind, name, information in _noises(model, result)
        if information > 0.0
    ]
    noises = [factor for kind, _, factor in least if kind == "r"]
    many = len(noises) > _LISTED
    single = [(name, factor) for kind, name, factor in least if kind != "r" or not many]
    shown = [f"{name} by {factor:.3g}x" for name, factor in single if factor < _UNSEEN]
    unseen = [name for name, factor in single if factor >= _UNSEEN]
    if many:
        low, high = (f"{size:.3g}x" if size < _UNSEEN else "over 100x" for size in (min(noises), max(noises)))
        shown.append(f"the noises of {len(noises)} measures by {low} to {high}")
    notes = []
    if shown:
        notes.append(
            f"the smallest errors of a std that this log shows nine times in ten: {', '.join(shown)}."
        )
    if unseen:
        notes.append(f"the log is too short to show whether the std of {' or '.join(unseen)} is wrong.")
    return notes


def _noises(model: Model, result: Result) -> Iterator[tuple[str, str, float]]:
    """The kind and name of Q and of the noise of each measure, and the information on the logarithm of a factor."""
    for candidate, information in zip(result.candidates, np.diag(result.information).tolist(), strict=True):
        if candidate.kind == "q":
            yield "q", "Q", information
        elif candidate.kind == "r" and len(candidate.indices) == 1:
            yield "r", f"the noise of {sentences.subject_of(model, candidate)}", information


def _rounded(count: float) -> int:
    """Rounded up to two digits."""
    step = 10.0 ** max(math.floor(math.log10(max(count, 1.0))) - 1, 0)
    return round(math.ceil(count / step) * step)
