"""Noises that a model does not have: no factor changes them, and innovations that lack them look coloured.

A process noise of 0 is only asked for if the log is likelier with some: tuning that ends at 0 has found that it is not,
and then it is the noise of the sensor that is coloured, or the motion that is wrong.
"""

import numpy as np

from foglight.core.errors import FoglightError
from foglight.diagnostics.check import sentences
from foglight.diagnostics.check.health import Code, Finding
from foglight.diagnostics.check.hypotheses.ranking import first_rows
from foglight.diagnostics.check.run_again import run_again
from foglight.diagnostics.check.search import Result
from foglight.inference.run import Run
from foglight.model.model import MOTION

_ROWS = 2_000  # by which it is tried whether process noise helps
_TRIED = 10.0 ** np.arange(-6.0, 6.5, 0.5)  # values of a parameter that is 0, times the innovations
_PRESENT = 5.41  # 2 Δloglik, 99 %: at 0 it is half χ² with one degree of freedom (Chernoff 1954)


def absent_of(run: Run, result: Result) -> set[str]:
    """The noises that a run lacks: "motion" if Q is 0, and each `sensor.measure` whose R is 0.

    The information on a factor of such a noise is exactly 0, since 0 times any factor is 0.
    """
    information = np.diag(result.information)
    if not information.any():
        return set()
    absent = {
        sentences.subject_of(run.model, candidate)
        for candidate, known in zip(result.candidates, information, strict=True)
        if candidate.kind in ("q", "r") and len(candidate.perturbations) == 1 and not known
    }
    return absent - {MOTION} if MOTION in absent and _unwanted(run) else absent


def attributed(findings: list[Finding], absent: set[str]) -> list[Finding]:
    """The findings; but if innovations are correlated over time and a noise is absent, only the absent noise, which
    may have caused all the others."""
    findings_by_noise: dict[str, Finding] = {}
    for finding in findings:
        subject = finding.subject if finding.subject in absent else MOTION
        if finding.code != Code.COLOURED or "," in finding.subject or subject not in absent:
            continue
        code = Code.Q_SMALL if subject == MOTION else Code.R_SMALL
        sentence = sentences.absent_sentence(subject, finding.subject)
        statistic = finding.statistic, finding.low, finding.high
        findings_by_noise.setdefault(subject, Finding(code, subject, *statistic, np.inf, np.nan, sentence))
    return list(findings_by_noise.values()) or findings


def _unwanted(run: Run) -> bool:
    """Whether no value of the parameters that make the process noise 0 makes the log likelier; False if unknown."""
    model = run.model
    own = set(model.full_names(MOTION).values())
    zeros = [
        name for name in model.parameters
        if name in own and model.parameters[name] == 0.0 and model.bounds[name][0] == 0.0
    ]  # fmt: skip
    if not zeros or not run._engine.same_bits:
        return False
    log = first_rows(run.log, _ROWS)
    try:
        before = run_again(run, log=log)
        size = float(np.sqrt(np.nanmean(before.innovation**2)))
        values = [value for value in size * _TRIED if value <= min(model.bounds[name][1] for name in zeros)]
        logliks = [
            float(np.sum(run_again(run, model=model.with_parameters({name: value}), log=log).loglik))
            for name in zeros
            for value in values
        ]
    except FoglightError:
        return False
    most = max(logliks, default=-np.inf)
    return bool(np.isfinite(most)) and 2.0 * (most - float(np.sum(before.loglik))) < _PRESENT
