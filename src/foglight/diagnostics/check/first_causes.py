"""What spoils every statistic of a log, so that it comes before all other findings: stamps in another unit, and tails.

Of a log whose stamps count milliseconds, read as seconds, and of one with many outliers, almost anything may be found:
gains, correlations, biases. So each is tried: the log with the other unit, or the filter with a Student-t distribution
for the sensors with heavy tails. It has no fitted number, so if it is wrong its likelihood ratio exceeds c with a
probability of at most 1/c (Markov's inequality). If it is likelier beyond that, it is the first finding, and what
remains is what a check with it mended finds.
"""

from collections.abc import Callable, Mapping
from copy import copy
from functools import partial

import numpy as np

from foglight.core.errors import FoglightError
from foglight.core.resolution import NS
from foglight.core.timestamps import UNITS
from foglight.data.time_unit import OtherUnit, other_unit
from foglight.diagnostics.check.grouping import most_important, sentences_of
from foglight.diagnostics.check.health import Code, Finding, Health
from foglight.diagnostics.check.hypotheses.clocks import stretched
from foglight.diagnostics.check.run_again import gain_of, run_again
from foglight.inference.run import Run
from foglight.methods.outliers import of_sensor

Again = Callable[[Run], Health]  # a check of another run

DOF = 4.0  # degrees of freedom of a Student-t distribution that fits most kinds of heavy tails
_SHARE = 0.1  # of the level, for a cause that is not one
_NAMED = 3  # findings that become notes
# Findings that heavy tails do not cause, or that already say which readings are far off.
_NOT_OF_TAILS = (Code.OUTLIERS, Code.SENTINEL, Code.STUCK, Code.LOST, Code.DIVERGED, Code.CLOCK, Code.CURVED)


def with_first_causes(
    run: Run, health: Health, heavy: Mapping[int, float], again: Again, level: float
) -> Health:
    """The health of a run, with what spoils all its statistics before all else.

    heavy: {component with heavy tails: the share of its innovations beyond 3 standard deviations}."""
    threshold = -2.0 * float(np.log(_SHARE * level))
    if (other := other_unit(run.log)) is not None:
        gain, found = _of_unit(run, health, other, again, threshold)
        if found is not None:
            return found
        if not health.ok or gain > -threshold:  # else the log says that they count seconds
            says = "The likelihood does not say." if gain > -threshold else "By itself that is no likelier."
            health = _with(health, health.findings, (f"{other.hint}. {says}", *health.notes))
    return _of_tails(run, health, heavy, again, threshold) or health


def _of_unit(
    run: Run, health: Health, other: OtherUnit, again: Again, threshold: float
) -> tuple[float, Health | None]:
    """The 2 Δloglik of stamps that count in a smaller unit, and the health that says so, None if it is too small."""
    change = partial(stretched, UNITS[other.unit] / NS)
    try:
        after = run_again(run, log=change(run.model, run.log)[1])
        gain = _gain(run, after)
        if gain <= threshold:
            return gain, None
        mended = again(after)
    except FoglightError:
        return -np.inf, None
    sentence = (
        f"{other.apart}, and the log is likelier by 2 Δloglik {gain:.0f} if they count {other.unit}: if they do, read "
        f"it with unit='{other.unit}'."
    )
    finding = Finding(
        Code.CLOCK, "log", gain, 0.0, threshold, NS / UNITS[other.unit], np.nan, sentence, change=change
    )
    return gain, _first(finding, health, mended, "if the timestamps do count seconds")


def _of_tails(
    run: Run, health: Health, heavy: Mapping[int, float], again: Again, threshold: float
) -> Health | None:
    """Sensors with many outliers, which explain the first finding; None if they do not."""
    model, method = run.model, run.method
    shares: dict[str, float] = {}
    for i, share in heavy.items():
        name = model.components[i].partition(".")[0]
        guarded = any(of_sensor(option, name) is not None for option in (method.huber, method.student))
        if not guarded:
            shares[name] = max(share, shares.get(name, 0.0))
    if not shares or not health.findings or health.findings[0].code in _NOT_OF_TAILS:
        return None
    first = health.findings[0]
    before = {name: of_sensor(method.student, name) for name in model.sensor_names}
    student = {name: dof for name, dof in before.items() if dof is not None} | dict.fromkeys(shares, DOF)
    try:
        after = run_again(run, method=method.with_guards(student=student))
        gain = _gain(run, after)
        if gain <= max(threshold, _gain_of(run, first)):
            return None
        mended = again(after)
    except FoglightError:
        return None
    if first.code in [one.code for one in mended.findings]:
        return None  # of another sensor, perhaps: tails are not what causes it
    name, share = max(shares.items(), key=lambda pair: pair[1])
    others = [other for other in shares if other != name]
    also = f", and {' and '.join(others)} has them, too" if others else ""
    sentence = (
        f"{name} has many outliers: {share:.2%} of its innovations are beyond 3 standard deviations, where 0.27% are "
        f"expected{also}. With student={DOF:.0f} the log is likelier by 2 Δloglik {gain:.0f}; set student={DOF:.0f} or "
        "gate= before you change anything else."
    )
    finding = Finding(Code.OUTLIERS, name, gain, 0.0, threshold, share, np.nan, sentence)
    return _first(finding, health, mended, "with the outliers counted in full")


def _first(finding: Finding, health: Health, mended: Health, otherwise: str) -> Health:
    """A finding, then what a check finds once it is mended; the figures are those of the run as it is.

    otherwise: when the findings of the run as it is would hold; they become notes."""
    findings, rest = most_important([finding, *mended.findings])
    apart = [f"{otherwise}: {sentence}" for sentence in sentences_of(list(health.findings[:_NAMED]))]
    return _with(health, tuple(findings), (*apart, *sentences_of(rest), *health.notes))


def _with(health: Health, findings: tuple[Finding, ...], notes: tuple[str, ...]) -> Health:
    changed = copy(health)
    changed.findings, changed.notes = findings, notes
    return changed


def _gain_of(run: Run, finding: Finding) -> float:
    """The 2 Δloglik of what a finding suggests; 0 if it suggests nothing that a program could change."""
    if finding.change is None:
        return 0.0
    model, log = finding.apply(run.model, run.log)
    return _gain(run, run_again(run, model=model, log=log))


def _gain(run: Run, after: Run) -> float:
    gain = gain_of(run, after)
    return gain if np.isfinite(gain) else -np.inf
