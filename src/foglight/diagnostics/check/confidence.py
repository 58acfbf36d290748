"""Whether a filter is overconfident or too cautious, in one sentence: what matters most to whoever uses its estimates,
whatever the cause."""

import numpy as np

from foglight.diagnostics.check import statistics
from foglight.diagnostics.check.conversions import GROSS
from foglight.diagnostics.check.health import Code, Finding, Row
from foglight.diagnostics.check.innovations import Innovations
from foglight.model.model import Model

_MATTERS = 0.1  # logarithm of a mean square from which it is worth a sentence
_TWICE = float(np.log(2.0))  # the same of a NEES, if nothing else is wrong
_SHARE = 0.01  # of the level, for sensors whose NIS is wrong though nothing explains it
_NIS = "NIS per component"
_OF_ALL = ("NEES per state", "smoothed NEES per state")


def confidence(rows: list[Row], findings: list[Finding]) -> list[str]:
    """A note on the rows of the table with a NIS or NEES out of bounds that no finding states; rows: of the table."""
    said = {
        one.subject.partition(".")[0] for one in findings if one.code[:2] == "R_" and "NIS" in one.sentence
    }
    out = [row for row in rows if _outside(row)]
    if not findings:  # then a NIS is out of bounds by chance, see `unexplained`
        out = [row for row in out if row.statistic in _OF_ALL and abs(np.log(row.value)) > _TWICE]
    of_sensors = [row for row in out if row.statistic == _NIS and row.subject != "all"]
    total = [row for row in out if row.statistic == _NIS and row.subject == "all"]
    left = [row for row in of_sensors if row.subject not in said]
    if (
        total
        and (left or not of_sensors)
        and all((row.value > 1.0) == (total[0].value > 1.0) for row in of_sensors)
    ):
        left = total  # else some are overconfident, and some too cautious
    found = [*left, *[row for row in out if row.statistic in _OF_ALL]]
    small, large = ([row for row in found if (row.value < 1.0) == below] for below in (True, False))
    notes = []
    if large:
        notes.append(
            f"the filter is overconfident: {_figures(large)}. Until that is mended, expect larger errors than it "
            "states."
        )
    if small:
        notes.append(
            f"the filter is too cautious: {_figures(small)}. Until that is mended, expect smaller errors than it "
            "states."
        )
    return notes


def unexplained(model: Model, found: Innovations, level: float, step: float) -> list[Finding]:
    """Sensors whose NIS is out of bounds, for a log in which nothing else was found: for example, because only its
    first rows were searched. Not of sensors with a gate, whose mean NIS follows the gate. step: the usual one, s."""
    findings = []
    for k, sensor in enumerate(model.sensors):
        if np.isfinite(found.limit[:, k]).any():
            continue
        mean = statistics.nis_mean(found, _SHARE * level / len(model.sensors), [k])
        if not mean.dof or mean.inside or abs(np.log(mean.value)) < _MATTERS:
            continue
        small = mean.value > 1.0
        factor = float(np.sqrt(mean.value))
        sentence = (
            f"innovations of {sensor.name} are {factor:.2g}x as large as the filter states: NIS {mean.value:.3g} in "
            f"[{mean.low:.3g}, {mean.high:.3g}], and the search found no cause. See in health.drift which part of the "
            f"log shows it; {'raise' if small else 'lower'} the noise of {sensor.name} or Q there."
        )
        if step and abs(np.log(factor)) > np.log(GROSS):
            sentence += (
                f" If a step of {step:.3g} s is not what the sensor does, read the stamps with another unit=."
            )
        code = Code.R_SMALL if small else Code.R_LARGE
        statistic = mean.value, mean.low, mean.high
        findings.append(Finding(code, sensor.name, *statistic, factor, np.nan, sentence))
    return findings


def _outside(row: Row) -> bool:
    return not row.inside and row.value > 0.0 and abs(np.log(row.value)) >= _MATTERS


def _figures(rows: list[Row]) -> str:
    """How large innovations and errors are, and the figures that show it."""
    found = []
    for row in rows:
        what = "innovations" if row.statistic == _NIS else "errors"
        of = "" if row.subject == "all" else f" of {row.subject}"
        name = "NIS" if row.statistic == _NIS else "NEES"
        found.append(
            f"{what}{of} are {np.sqrt(row.value):.2g}x as large as it states ({name} {row.value:.3g} in "
            f"[{row.low:.3g}, {row.high:.3g}])"
        )
    return ", and ".join(found)
