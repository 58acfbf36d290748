"""What drives a motion whatever its state is, such as gravity: with the wrong sign it looks like readings that have it.

Readings of the other sign, of a state that starts anywhere, fit the motion x' = F x + b as well as the readings
themselves fit x' = F x - b: no log tells one from the other.
"""

import numpy as np

from foglight.core.types import Floats
from foglight.diagnostics.check.hypotheses.identifiability import STEP, moved, sensors_apart
from foglight.model.at_start import start_mean
from foglight.model.model import Model

_ANYWHERE = 3.0  # standard deviations of the start from its mean to the same with the other sign, at most
_NEAR = 0.1  # relative distance within which a drift takes back twice what drives the motion


def drive(model: Model) -> Floats:
    """What the motion adds to each state (n,) in a second from the state 0, with controls of 1; 0 where unknown."""
    nothing = np.zeros(len(model.state))
    if model.rows or model.charts.parts:
        return nothing
    try:
        found = moved(model, nothing, STEP) / STEP
    except Exception:  # the user's function may fail away from the data
        return nothing
    return found if np.isfinite(found).all() else nothing


def sign_of_motion(model: Model, sensor: str) -> str:
    """What else a wrong sign of a sensor's readings may be, as the end of a sentence; nothing if no other will do."""
    apart = len(model.sensors) == 1 or sensor in sensors_apart(model)
    if not apart or not _starts_anywhere(model) or not drive(model).any():
        return ""
    return (
        ". Or what the motion adds whatever its state is, such as gravity, a mean or a control, has the wrong sign: "
        "the log cannot tell; look which way the readings go"
    )


def sign_of_drift(model: Model, state: int, rate: float) -> str:
    """What a drift of a state, per second, says if it takes back twice what drives the state; else nothing."""
    own = float(drive(model)[state])
    if not own or abs(rate / (-2.0 * own) - 1.0) > _NEAR:
        return ""
    return f". The motion itself adds {own:.3g} per second: has that the wrong sign?"


def _starts_anywhere(model: Model) -> bool:
    """Whether the start would be about as likely with the other sign."""
    if model.start is None:
        return True
    mean, std = start_mean(model), np.asarray(model.start.std, float)
    moves = mean != 0.0
    with np.errstate(divide="ignore"):
        return bool(np.linalg.norm(2.0 * mean[moves] / std[moves]) <= _ANYWHERE)
