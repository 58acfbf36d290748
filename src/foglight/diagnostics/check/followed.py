"""The law of advice: if it is applied, what was accused is gone and the log is likelier; else the sentence says so."""

from dataclasses import replace

import numpy as np

from foglight.core.errors import FoglightError
from foglight.diagnostics.check.gated_readings import without_gate
from foglight.diagnostics.check.health import Code, Finding
from foglight.diagnostics.check.innovations import innovations_of
from foglight.diagnostics.check.run_again import run_again
from foglight.diagnostics.check.sentences import left_by
from foglight.diagnostics.check.statistics import nis_mean, square_mean
from foglight.inference.run import Run

_LEVEL = 1e-3  # of the band that the NIS must be in afterwards


def hedged(run: Run, findings: list[Finding]) -> list[Finding]:
    """The findings of a search of the model, the first with what remains if it alone is followed.

    Where others follow it is plain that more is wrong: then only its likelihood is looked at."""
    if not findings or findings[0].change is None:
        return findings
    first = findings[0]
    try:
        model, log = first.apply(run.model, run.log)
        after = run_again(run, model=model, log=log)
        likelier = _loglik(after) > _loglik(run)
    except FoglightError:
        return findings  # nothing can be said
    remark = "" if likelier else " By itself it makes the log no likelier: more is wrong than this."
    if likelier and len(findings) == 1 and first.code in (Code.R_SMALL, Code.R_LARGE):
        remark = _remaining(after, first)
    return [replace(first, sentence=first.sentence + remark), *findings[1:]]


def of_the_gate(run: Run, findings: list[Finding]) -> bool:
    """Whether all that was found is a process noise that only a gate makes look too small.

    By rejecting good readings it widens the errors of those that pass. Without it, a log that is sound is then no
    likelier with more process noise."""
    gated = run.method.gated(run.model.sensor_names)
    if not gated or [finding.code for finding in findings] != [Code.Q_SMALL] or findings[0].change is None:
        return False
    try:
        model, log = findings[0].apply(run.model, run.log)
        return _loglik(run_again(run, model=model, log=log)) <= _loglik(run)
    except FoglightError:
        return False


def _loglik(run: Run) -> float:
    """Of all readings: a gate would leave out others before and after."""
    gated = run.method.gated(run.model.sensor_names)
    return float(np.sum((without_gate(run) if gated else run).loglik))


def _remaining(after: Run, first: Finding) -> str:
    """What is left of the NIS of the subject, if it is still outside its band."""
    found = innovations_of(after)
    sensors = list(after.model.sensor_names)
    if first.subject in sensors:
        mean = nis_mean(found, _LEVEL, [sensors.index(first.subject)])
    else:
        mean = square_mean(found, after.model.components.index(first.subject), _LEVEL)
    if not mean.dof or mean.inside or abs(np.log(mean.value)) < 0.1:
        return ""
    return left_by(mean.value)
