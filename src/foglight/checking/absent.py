"""Noises that a model does not have: no factor moves a Q or an R of 0, so what they would explain looks coloured.

Their levers have no information at all, exactly, since 0 times any factor is 0.
"""

from typing import TYPE_CHECKING

import numpy as np

from foglight.checking import words
from foglight.checking.health import Code, Finding
from foglight.checking.search import Result
from foglight.model import MOTION

if TYPE_CHECKING:
    from foglight.model import Model


def absent_of(model: "Model", result: Result) -> set[str]:
    """ "motion" where Q is 0, and each `sensor.measure` whose R is 0."""
    information = np.diag(result.information)
    if not information.any():
        return set()
    return {
        words.subject_of(model, candidate)
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
        sentence = words.absent_sentence(subject, finding.subject)
        seen = finding.statistic, finding.low, finding.high
        blames.setdefault(subject, Finding(code, subject, *seen, np.inf, np.nan, sentence))
    return list(blames.values()) or findings
