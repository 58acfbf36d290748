"""One sentence a finding: what is wrong, how that shows, and what to change, by how much."""

import numpy as np

from foglight.diagnostics.check.scaling_parameters import (
    ScalingParameter,
    scaling_of_measurement,
    scaling_of_motion,
)
from foglight.diagnostics.check.search import Candidate
from foglight.diagnostics.check.statistics import Mean
from foglight.model.model import MOTION, Model, Sensor

_MANY = 30.0  # a factor beyond which it is said to be at least so much
_NEAR = 0.05  # how near a factor is to one that is known
_FEW = 20  # rows beyond which leaving readings out leaves too few
_AS = {  # what another explanation is about; of a bias the subject says enough
    "start": "the start of", "drift": "a drift of", "gain": "a gain of", "sign": "the sign of",
    "units": "other units of", "r": "the noise of", "q": "the process noise of the", "own": "the process noise of the",
}  # fmt: skip
_SQUARE = 0.3  # logarithm of a factor that may come from squaring


def labels_of(model: Model) -> list[tuple[Sensor, str]]:
    """The sensor and measure of each component."""
    return [(sensor, measure) for sensor in model.sensors for measure in sensor.measures]


def subject_of(model: Model, candidate: Candidate) -> str:
    """What a candidate is about: a sensor, one of its measures, a state, or the motion."""
    if candidate.kind in ("q", "own"):
        return MOTION
    if candidate.kind in ("drift", "start"):
        return model.state[candidate.places[0]]
    sensor, measure = labels_of(model)[candidate.places[0]]
    if len(candidate.places) == len(sensor.measures):
        return sensor.name if len(candidate.places) > 1 else f"{sensor.name}.{measure}"
    return f"{sensor.name}.{measure}"


def scaling_of(model: Model, candidate: Candidate) -> list[ScalingParameter]:
    """The parameters that own the noise of a candidate."""
    if candidate.kind == "q":
        return scaling_of_motion(model)
    if candidate.kind == "own":
        from foglight.diagnostics.check.perturbations import noise_parameters

        return scaling_of_motion(model, noise_parameters(model)[candidate.places[0]])
    labels = labels_of(model)
    sensor = labels[candidate.places[0]][0]
    first = next(k for k, (other, _) in enumerate(labels) if other is sensor)
    return scaling_of_measurement(model, sensor, [place - first for place in candidate.places])


def noise_sentence(
    model: Model, candidate: Candidate, subject: str, factor: float, seen: Mean | None, gain: float
) -> tuple[str, dict[str, float]]:
    """Of a noise that should have `factor` times its standard deviation."""
    owners = scaling_of(model, candidate)
    small = factor > 1.0
    ratio = factor if small else 1.0 / factor
    told = f"at least {_MANY:.0f}x" if ratio > _MANY else f"{ratio:.3g}x" if ratio < 1.2 else f"{ratio:.2g}x"
    what = "process noise" if candidate.kind in ("q", "own") else f"{_spoken(subject)} noise"
    if candidate.kind == "own" and owners:
        what = f"process noise of {owners[0].name.partition('.')[2]}"
    shown = (
        f"2 Δloglik {gain:.0f} for one number"
        if seen is None
        else f"NIS {seen.value:.3g} in [{seen.low:.3g}, {seen.high:.3g}]"
    )
    sentence = f"{what} is {told} too {'small' if small else 'large'}: {shown}; "
    suggestions = {owner.name: float(f"{owner.moved(factor):.3g}") for owner in owners}
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
        sentence += f"multiply its R by {factor**2:.3g}."
    else:
        sentence += (
            f"multiply its row and column of R by {factor:.3g} each (its variance by {factor**2:.3g})."
        )
    return sentence + _squared(owners or _matrix(model, candidate), factor), suggestions


def _matrix(model: Model, candidate: Candidate) -> list[ScalingParameter]:
    """The one entry of a matrix that is a noise by itself, as if it were a parameter."""
    matrix = (
        model.matrices.get("Q" if candidate.kind == "q" else "R") if candidate.kind in ("q", "r") else None
    )
    if matrix is None or (candidate.kind == "q" and len(matrix) > 1):
        return []
    return [ScalingParameter("", float(matrix[candidate.places[0], candidate.places[0]]), 1.0)]


def _squared(owners: list[ScalingParameter], factor: float) -> str:
    """A hint where a standard deviation seems to stand for a variance, or the other way round."""
    if len(owners) != 1 or abs(np.log(factor)) < _SQUARE or owners[0].value <= 0.0:
        return ""
    value, new = owners[0].value, owners[0].moved(factor)
    if owners[0].power == 1.0 and abs(np.log(new / value**2)) < _NEAR * 2.0:
        return " That is its square: was a standard deviation given for a variance?"
    if owners[0].power == 2.0 and abs(np.log(new**2 / value)) < _NEAR * 2.0:
        return " That is its square root: was a variance given for a standard deviation?"
    return ""


def absent_sentence(subject: str, seen_in: str) -> str:
    """Of a noise that is 0 in the model: the motion's, or a measure's."""
    if subject == MOTION:
        return (
            f"the model has no process noise, and innovations of {seen_in} are correlated over time: give the motion "
            "some, and check again."
        )
    return (
        f"the model gives {_spoken(subject)} no noise, and its innovations are correlated over time: give it some, and "
        "check again."
    )


def outliers_sentence(share: float) -> str:
    """What is added where a noise seems too small since some readings are far off."""
    return (
        f" But {share:.2%} of the innovations are beyond 3 standard deviations even then: if these are outliers, leave "
        "it and set gate= or huber=."
    )


def bias_sentence(
    model: Model, candidate: Candidate, offset: float, error: float, alike: tuple[Candidate, ...]
) -> str:
    """Of a sensor that reads `offset` too high, or a motion that misses so much a second."""
    subject = subject_of(model, candidate)
    if candidate.kind == "drift":
        sentence = (
            f"{subject} changes by {offset:.3g} a second (give or take {error:.1g}) more than the motion says: add it "
            "to the dynamics, or a state for it"
        )
    else:
        sentence = (
            f"{subject} reads {abs(offset):.3g} too {'high' if offset > 0 else 'low'} (give or take {error:.1g}): "
            f"{'subtract' if offset > 0 else 'add'} it, or give the model a state for it"
        )
    return sentence + _either(model, alike) + "."


def sign_sentence(model: Model, candidate: Candidate, gain: float) -> str:
    """Of a sensor whose readings fit with the other sign."""
    subject = subject_of(model, candidate)
    return (
        f"{subject} has the wrong sign: negated it fits (2 Δloglik {gain:.3g}); change the sign of the readings, or "
        "of measure."
    )


def gain_sentence(model: Model, candidate: Candidate, factor: float, error: float) -> str:
    """Of a sensor whose readings are `factor` times what the state says."""
    subject = subject_of(model, candidate)
    for size, units in (
        (1000.0, "milli-units, such as mm for m"), (180.0 / np.pi, "degrees for radians"), (9.81, "g for m/s²"),
        (100.0, "cm for m"), (3.6, "km/h for m/s"), (1.0 / 0.3048, "feet for metres"),
    ):  # fmt: skip
        for known, told in ((size, units), (1.0 / size, f"the reverse of {units}")):
            if abs(np.log(abs(factor) / known)) < _NEAR:
                sign = ", and of the other sign" if factor < 0.0 else ""
                return (
                    f"{subject} reads {abs(factor):.4g}x what the state says{sign}: {told}? Divide its readings by "
                    f"{factor:.4g}."
                )
    return (
        f"{subject} reads {factor:.4g}x what the state says (give or take {error:.1g}): divide its readings by that, "
        "or write it into measure."
    )


def start_sentence(
    model: Model, candidate: Candidate, shift: float, stds: float, alike: tuple[Candidate, ...]
) -> str:
    """Of a start that is off."""
    subject = subject_of(model, candidate)
    return (
        f"the start is {abs(stds):.2g} of its standard deviations off: {subject} begins {abs(shift):.3g} "
        f"{'above' if shift > 0 else 'below'} start's mean; move the mean or widen its std{_either(model, alike)}."
    )


def coloured_sentence(subject: str, lag: int, value: float, bound: float | None, length: int) -> str:
    """Of innovations that are alike over time; bound: None where only all lags together say so."""
    shown = (
        "all lags together say so"
        if bound is None
        else f"within ±{bound:.2f} if white, for about {_reports(length)}"
    )
    return (
        f"innovations of {subject} are correlated over time, whatever Q and R are: {value:.2f} at lag {lag}, {shown}; "
        "its noise is coloured, or the motion lacks a state or has a wrong parameter: model it (Ornstein-Uhlenbeck, an "
        "acceleration, a bias), tune the parameter, or use readings farther apart."
    )


def _reports(length: int) -> str:
    return f"{length} report{'s' if length > 1 else ''}"


def memory_sentence(subject: str, rho: float, gain: float) -> str:
    """Of a noise that is alike from step to step."""
    apart = max(2, round(-3.0 / np.log(rho)))
    fewer = f", or use one reading in {apart}" if apart <= _FEW else ""
    return (
        f"{_spoken(subject)} noise is coloured: correlated by about {rho:.2g} from one row to the next (2 Δloglik "
        f"{gain:.0f} more than any Q or R); make it a state (Ornstein-Uhlenbeck){fewer}."
    )


def shared_sentence(first: str, second: str, lag: int, value: float, bound: float) -> str:
    """Of noises of two components that have something in common."""
    apart = "" if not lag else f" {abs(lag)} row{'s' if abs(lag) > 1 else ''} apart"
    same = first.partition(".")[0] == second.partition(".")[0]
    remedy = (
        "give R its covariance" if same else "make them one sensor with a full R, or give them a common state"
    )
    return (
        f"noises of {first} and {second} are correlated: {value:.2f}{apart}, within ±{bound:.2f} if independent; "
        f"{remedy}."
    )


def _either(model: Model, alike: tuple[Candidate, ...]) -> str:
    """Other explanations that nothing in the log tells from this one."""
    others = []
    for other in alike[:3]:
        subject = subject_of(model, other)
        others.append(f"{_AS[other.kind]} {subject}" if other.kind in _AS else subject)
    others = list(dict.fromkeys(others))
    return f" (the log cannot tell it from {' or '.join(others)})" if others else ""


def _alone(model: Model, candidate: Candidate) -> bool:
    return len(labels_of(model)[candidate.places[0]][0].measures) == 1


def _spoken(subject: str) -> str:
    return subject.replace(".", " ")


def _bare(model: Model, name: str) -> str:
    """The parameter's bare name where that is the only one."""
    bare = name.partition(".")[2]
    return bare if [full.partition(".")[2] for full in model.parameters].count(bare) == 1 else name
