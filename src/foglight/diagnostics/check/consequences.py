"""A filter that is lost because of what else is wrong: the cause then comes first, and the loss after it.

A process noise that is too small, or a sensor with the wrong sign, makes a gate reject good readings until the filter
is lost. Whether that is so is tried: the findings are applied, and the same filter, with its gate, runs again. It must
follow its readings, and they must fit without a gate, too: a process noise wide enough for a jump explains no jump. A
larger noise of a sensor is not tried: with it any reading passes a gate, clutter too.
"""

from dataclasses import replace

from foglight.core.errors import FoglightError
from foglight.diagnostics.check.divergence import divergence_findings
from foglight.diagnostics.check.faulty_readings.reruns import Reruns
from foglight.diagnostics.check.gated_readings import without_gate
from foglight.diagnostics.check.health import Code, Finding
from foglight.diagnostics.check.run_again import run_again
from foglight.inference.run import Run

_TRIED = 3  # findings, at most, that are applied together


def causes_first(run: Run, astray: list[Finding], findings: list[Finding], level: float) -> list[Finding]:
    """All findings of a run, the causes of a loss before it. astray: LOST and DIVERGED.  findings: all others."""
    model, log = run.model, run.log
    for k, finding in enumerate(findings[:_TRIED] if astray else []):
        if finding.change is None or finding.code == Code.R_SMALL:
            break
        try:
            model, log = finding.apply(model, log)
            mended = run_again(run, model=model, log=log)
        except FoglightError:
            break
        if not divergence_findings(mended) and _fits(mended, level):
            causes = " and ".join(f"{one.code} of {one.subject}" for one in findings[: k + 1])
            remark = f" That is a consequence: once {causes} is mended, it no longer is."
            after = [replace(one, sentence=one.sentence + remark) for one in astray]
            return [*findings[: k + 1], *after, *findings[k + 1 :]]
    return [*astray, *findings]


def _fits(run: Run, level: float) -> bool:
    """Whether no reading is far from what the filter predicts without its gate."""
    reruns = Reruns(without_gate(run), level)
    return not reruns.on(reruns.z).beyond.any()
