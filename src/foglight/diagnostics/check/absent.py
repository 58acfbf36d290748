"""Noises that a model does not have: no factor moves a Q or an R of 0, so what they would explain looks coloured.

Their levers have no information at all, exactly, since 0 times any factor is 0.
"""

from typing import TYPE_CHECKING

import numpy as np

from foglight.diagnostics.check import sentences
from foglight.diagnostics.check.health import Code, Finding
from foglight.diagnostics.check.search import Result
from foglight.model.model import MOTION

if TYPE_CHECKING:
    from foglight.model.model import Model


def absent_of(model: "Model", result: Result) -> set[str]:
    """ "motion" where Q is 0, and each `sensor.measure` whose R is 0."""
    information = np.diag(result.information)
    if not information.any():
        return set()
    return {
        sentences.subject_of(model, candidate)
        for candidate, known in zip(result.candidates, information, strict=True)
        if candidate.kind in ("q", "r") and len(candidate.levers) == 1 and not known
    }


def blamed(findings: list[Finding], absent: set[str]) -> list[Finding]:
    """The findings; but where innovations are correlated over time and a noise is absent, that alone: all else may
    come of it."""
    blames: dict[str, Finding] = {}
    for finding in findings:
        subject = finding.subject if finding.subject in absent else MOTION
        if finding.code != Code.COLOURED or "," in finding.subject or subject not in absent:
            continue
        code = Code.Q_SMALL if subject == MOTION else Code.R_SMALL
        sentence = sentences.absent_sentence(subject, finding.subject)
        seen = finding.statistic, finding.low, finding.high
        blames.setdefault(subject, Finding(code, subject, *seen, np.inf, np.nan, sentence))
    return list(blames.values()) or findings
