"""One sentence per finding: what is wrong, what shows it, and what to change, by how much."""

from collections.abc import Sequence

import numpy as np

from foglight.diagnostics.check.conversions import COMMON, conversion_of
from foglight.diagnostics.check.drive import sign_of_drift, sign_of_motion
from foglight.diagnostics.check.scaling_parameters import (
    ScalingParameter,
    scaling_of_measurement,
    scaling_of_motion,
)
from foglight.diagnostics.check.search import Candidate
from foglight.diagnostics.check.statistics import Mean
from foglight.model.model import MOTION, Model, Sensor

_MANY = 30.0  # factor beyond which the sentence gives a lower bound only
_NEAR = 0.05  # relative distance within which a factor is taken for a known conversion
_FEW = 20  # rows beyond which using one reading in so many would leave too few
_ALTERNATIVES = {  # how another explanation is introduced; a bias needs only its subject
    "start": "the start of", "drift": "a drift of", "gain": "a gain of", "sign": "the sign of",
    "units": "other units of", "r": "the noise of", "q": "the process noise of the", "own": "the process noise of the",
}  # fmt: skip
_SQUARE = 0.3  # logarithm beyond which a factor may come from squaring


def labels_of(model: Model) -> list[tuple[Sensor, str]]:
    """The sensor and measure of each component."""
    return [(sensor, measure) for sensor in model.sensors for measure in sensor.measures]


def accused(model: Model, components: Sequence[int]) -> str:
    """The name of the sensor of several components, or that of the only one."""
    sensor, measure = labels_of(model)[components[0]]
    return sensor.name if len(components) > 1 else f"{sensor.name}.{measure}"


def subject_of(model: Model, candidate: Candidate) -> str:
    """What a candidate perturbs: a sensor, one of its measures, a state, or the motion."""
    if candidate.kind in ("q", "own"):
        return MOTION
    if candidate.kind in ("drift", "start"):
        return model.state[candidate.indices[0]]
    sensor, measure = labels_of(model)[candidate.indices[0]]
    if len(candidate.indices) == len(sensor.measures):
        return sensor.name if len(candidate.indices) > 1 else f"{sensor.name}.{measure}"
    return f"{sensor.name}.{measure}"


def scaling_of(model: Model, candidate: Candidate) -> list[ScalingParameter]:
    """The parameters that scale the noise of a candidate."""
    if candidate.kind == "q":
        return scaling_of_motion(model)
    if candidate.kind == "own":
        from foglight.diagnostics.check.perturbations import noise_parameters

        return scaling_of_motion(model, noise_parameters(model)[candidate.indices[0]])
    labels = labels_of(model)
    sensor = labels[candidate.indices[0]][0]
    first = next(k for k, (other, _) in enumerate(labels) if other is sensor)
    return scaling_of_measurement(model, sensor, [index - first for index in candidate.indices])


def noise_sentence(
    model: Model, candidate: Candidate, subject: str, factor: float, nis: Mean | None, gain: float
) -> tuple[str, dict[str, float]]:
    """A noise should have `factor` times its standard deviation: the sentence, and {parameter: suggested value}.

    nis: the mean NIS that shows it; None if only the likelihood does, by 2 Δloglik = gain."""
    scaling = scaling_of(model, candidate)
    small = factor > 1.0
    ratio = factor if small else 1.0 / factor
    size = f"at least {_MANY:.0f}x" if ratio > _MANY else f"{ratio:.3g}x" if ratio < 1.2 else f"{ratio:.2g}x"
    what = "process noise" if candidate.kind in ("q", "own") else f"{_without_dot(subject)} noise"
    if candidate.kind == "own" and scaling:
        what = f"process noise of {scaling[0].name.partition('.')[2]}"
    evidence = (
        f"2 Δloglik {gain:.0f} for one parameter"
        if nis is None
        else f"NIS {nis.value:.3g} in [{nis.low:.3g}, {nis.high:.3g}]"
    )
    sentence = f"{what} is {size} too {'small' if small else 'large'}: {evidence}; "
    suggestions = {parameter.name: float(f"{parameter.moved(factor):.3g}") for parameter in scaling}
    if ratio > _MANY and not small and candidate.kind in ("q", "own"):
        names = ", ".join(f"{_bare(model, name)} = 0" for name in suggestions) or "Q = 0"
        sentence += f"the log does not need it, try {names} or a tenth of it."
        return sentence, {name: 0.0 for name in suggestions}
    if suggestions:
        sentence += (
            "try "
            + ", ".join(f"{_bare(model, name)} = {value:g}" for name, value in suggestions.items())
            + "."
        )
    elif candidate.kind in ("q", "own"):
        sentence += f"multiply Q by {factor**2:.3g}."
    elif subject in {sensor.name for sensor in model.sensors} or _alone(model, candidate):
        sentence += f"multiply its R by {factor**2:.3g}{_or_shared(model, candidate, factor)}."
    else:
        sentence += (
            f"multiply its row and column of R by {factor:.3g} each (its variance by {factor**2:.3g})."
        )
    return sentence + _squared(scaling or _matrix_entry(model, candidate), factor), suggestions


def _or_shared(model: Model, candidate: Candidate, factor: float) -> str:
    """The alternative of changing a parameter that scales this noise and that of other sensors."""
    sensor = labels_of(model)[candidate.indices[0]][0]
    found = scaling_of_measurement(model, sensor, list(range(len(sensor.measures))), alone=False)
    values = ", ".join(f"{parameter.name} = {parameter.moved(factor):.3g}" for parameter in found)
    return f", or set {values} for all that share it" if found else ""


def _matrix_entry(model: Model, candidate: Candidate) -> list[ScalingParameter]:
    """The entry of Q or R that is the whole noise of a candidate, as if it were a parameter; else none."""
    matrix = (
        model.matrices.get("Q" if candidate.kind == "q" else "R") if candidate.kind in ("q", "r") else None
    )
    if matrix is None or (candidate.kind == "q" and len(matrix) > 1):
        return []
    return [ScalingParameter("", float(matrix[candidate.indices[0], candidate.indices[0]]), 1.0)]


def _squared(scaling: list[ScalingParameter], factor: float) -> str:
    """A hint if a standard deviation seems to have been given for a variance, or a variance for a std."""
    if len(scaling) != 1 or abs(np.log(factor)) < _SQUARE or scaling[0].value <= 0.0:
        return ""
    value, new = scaling[0].value, scaling[0].moved(factor)
    if scaling[0].power == 1.0 and abs(np.log(new / value**2)) < _NEAR * 2.0:
        return " That is its square: was a standard deviation given for a variance?"
    if scaling[0].power == 2.0 and abs(np.log(new**2 / value)) < _NEAR * 2.0:
        return " That is its square root: was a variance given for a standard deviation?"
    return ""


def absent_sentence(subject: str, seen_in: str) -> str:
    """The noise of the motion or of a measure is 0 in the model; seen_in: the measure that shows it."""
    if subject == MOTION:
        return (
            f"the model has no process noise, and innovations of {seen_in} are correlated over time: give the motion "
            "some, and check again."
        )
    return (
        f"the model gives {_without_dot(subject)} no noise, and its innovations are correlated over time: give it "
        "some, and check again."
    )


def outliers_sentence(share: float) -> str:
    """The hint that a noise may seem too small because of outliers."""
    return (
        f" But {share:.2%} of the innovations are beyond 3 standard deviations even then: if these are outliers, keep "
        "the noise and set gate= or student=."
    )


def bias_sentence(
    model: Model, candidate: Candidate, offset: float, error: float, alike: tuple[Candidate, ...]
) -> str:
    """A sensor reads `offset` too high, or the motion lacks a drift of `offset` per second."""
    subject = subject_of(model, candidate)
    against = " against the other sensors" if len(model.sensors) > 1 else ""
    if candidate.kind == "drift":
        sentence = (
            f"{subject} changes by {offset:.3g} per second (give or take {error:.1g}) more than the motion predicts: "
            "add that to the dynamics, or give the model a state for it"
        )
        if said := sign_of_drift(model, candidate.indices[0], offset):
            return sentence + _either(model, alike) + said
    else:
        sentence = (
            f"{subject} reads {abs(offset):.3g} too {'high' if offset > 0 else 'low'}{against} (give or take "
            f"{error:.1g}): "
            f"{'subtract' if offset > 0 else 'add'} it, or {_bias_state(model, candidate, subject, offset)}"
        )
    return sentence + _either(model, alike) + "."


def _bias_state(model: Model, candidate: Candidate, subject: str, offset: float) -> str:
    """How to give the model a state for a bias of this size."""
    if model.matrices:  # of fog.linear_model, whose sensors have no arguments
        return "give the model a state for it"
    state, (name, _, measure) = f"fog.bias(std={abs(offset):.1g})", subject.partition(".")
    whole = not measure or _alone(model, candidate)
    return f"estimate it, with bias={state if whole else f'{{{measure!r}: {state}}}'} in {name}"


def sign_sentence(model: Model, candidate: Candidate, gain: float) -> str:
    """The readings of a sensor fit with the other sign."""
    subject = subject_of(model, candidate)
    return (
        f"{subject} has the wrong sign: negated it fits (2 Δloglik {gain:.3g}); change the sign of the readings, or "
        f"of measure{sign_of_motion(model, subject.partition('.')[0])}."
    )


def gain_sentence(model: Model, candidate: Candidate, factor: float, error: float) -> str:
    """The readings of a sensor are `factor` times what the model predicts."""
    subject = subject_of(model, candidate)
    units = conversion_of(factor, _NEAR, COMMON)
    if units:
        sign = ", with the other sign" if factor < 0.0 else ""
        return (
            f"{subject} reads {abs(factor):.4g}x what the model predicts{sign}: {units}? Divide its readings by "
            f"{factor:.4g}."
        )
    return (
        f"{subject} reads {factor:.4g}x what the model predicts (give or take {error:.1g}): divide its readings by "
        "that, or write it into measure."
    )


def start_sentence(
    model: Model, candidate: Candidate, shift: float, stds: float, alike: tuple[Candidate, ...]
) -> str:
    """The start is off by `shift` in the candidate's state, which is `stds` of the start's standard deviations."""
    subject = subject_of(model, candidate)
    return (
        f"the start is off by {abs(stds):.2g} of its standard deviations: {subject} begins {abs(shift):.3g} "
        f"{'above' if shift > 0 else 'below'} start's mean; move the mean or widen its std{_either(model, alike)}."
    )


def autocorrelation_sentence(subject: str, lag: int, value: float, bound: float | None, length: int) -> str:
    """Innovations are correlated over time; bound: of this lag, None if only all lags together are significant."""
    evidence = (
        "significant over all lags together"
        if bound is None
        else f"within ±{bound:.2f} if white, for about {_reports(length)}"
    )
    return (
        f"innovations of {subject} are correlated over time, whatever Q and R are: {value:.2f} at lag {lag}, "
        f"{evidence}; its noise is coloured, or the motion lacks a state or has a wrong parameter: model it "
        "(Ornstein-Uhlenbeck, an acceleration, a bias), tune the parameter, or use readings farther apart."
    )


def _reports(length: int) -> str:
    return f"{length} report{'s' if length > 1 else ''}"


def coloured_noise_sentence(subject: str, rho: float, gain: float) -> str:
    """A noise is correlated by `rho` from step to step."""
    apart = max(2, round(-3.0 / np.log(rho)))
    fewer = f", or use one reading in {apart}" if apart <= _FEW else ""
    return (
        f"{_without_dot(subject)} noise is coloured: correlated by about {rho:.2g} from one row to the next (2 Δloglik "
        f"{gain:.0f} more than any Q or R); make it a state (Ornstein-Uhlenbeck){fewer}."
    )


def cross_correlation_sentence(first: str, second: str, lag: int, value: float, bound: float) -> str:
    """The noises of two components are correlated."""
    apart = "" if not lag else f" {abs(lag)} row{'s' if abs(lag) > 1 else ''} apart"
    same = first.partition(".")[0] == second.partition(".")[0]
    remedy = (
        "give R its covariance" if same else "make them one sensor with a full R, or give them a common state"
    )
    return (
        f"noises of {first} and {second} are correlated: {value:.2f}{apart}, within ±{bound:.2f} if independent; "
        f"{remedy}."
    )


def left_by(nis: float) -> str:
    """What a sentence adds if the NIS is still wrong once its advice is followed."""
    return f" By itself it leaves a NIS of {nis:.3g}: more is wrong than this."


def fit_alike(this: str, rivals: Sequence[str]) -> str:
    """What explains a log as well as what a sentence says."""
    return f"Several explanations fit alike: {this}, or {'; or '.join(rivals)}."


def _either(model: Model, alike: tuple[Candidate, ...]) -> str:
    """Other explanations that the log cannot tell from this one."""
    others = []
    for other in alike[:3]:
        subject = subject_of(model, other)
        others.append(f"{_ALTERNATIVES[other.kind]} {subject}" if other.kind in _ALTERNATIVES else subject)
    others = list(dict.fromkeys(others))
    return f" (the log cannot tell it from {' or '.join(others)})" if others else ""


def _alone(model: Model, candidate: Candidate) -> bool:
    return len(labels_of(model)[candidate.indices[0]][0].measures) == 1


def _without_dot(subject: str) -> str:
    return subject.replace(".", " ")


def _bare(model: Model, name: str) -> str:
    """The parameter's name without its part, if no other parameter has the same."""
    bare = name.partition(".")[2]
    return bare if [full.partition(".")[2] for full in model.parameters].count(bare) == 1 else name
