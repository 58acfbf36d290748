"""A measure whose bias grows steadily with time."""

from functools import partial

from foglight.data.log import Log
from foglight.data.replaced_readings import with_readings
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.elapsed import longest, since_start
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis
from foglight.diagnostics.check.hypotheses.identifiability import is_alone
from foglight.model.model import Model
from foglight.model.start_noises import noise_stds

TRIED = tuple(0.5 * 2.0**k for k in range(11))  # over the log, in standard deviations of a reading


def families(evidence: Evidence) -> list[Family]:
    """A ramp of each measure, up and down. What only one sensor sees may drift itself."""
    model, whole = evidence.model, longest(evidence.log)
    if is_alone(model) or model.rows or not whole:
        return []
    return [
        Family(partial(_drifting, evidence, i, sign), tuple(k * std / whole for k in TRIED), fitted=True)
        for i, std in enumerate(noise_stds(model))
        if std > 0.0
        for sign in (1.0, -1.0)
    ]


def _drifting(evidence: Evidence, component: int, sign: float, speed: float) -> Hypothesis:
    subject, rate = evidence.subject((component,)), sign * speed
    return Hypothesis(
        Code.DRIFT,
        subject,
        rate,
        f"{subject} drifts by {rate:.3g} a second, {rate * longest(evidence.log):.3g} over the log",
        f"subtract {rate:.3g} (t - start) from its readings, or give it a bias state",
        f"a steady drift of {subject}",
        partial(_levelled, component, rate),
        modest=True,
    )


def _levelled(component: int, rate: float, model: Model, log: Log) -> tuple[Model, Log]:
    z = log.bind(model).copy()
    z[..., component] -= rate * since_start(log)
    return model, with_readings(log, model, z)
