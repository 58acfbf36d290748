"""A parameter of the motion that enters its dynamics, such as a time constant, or the pace of the whole motion."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from foglight.compiler.kept import kept
from foglight.data.log import Log
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis
from foglight.diagnostics.check.hypotheses.identifiability import keeps_time, moved
from foglight.diagnostics.check.perturbed_model import unused_name
from foglight.model.at_start import start_mean
from foglight.model.model import MOTION, Model
from foglight.model.opaque_functions import like
from foglight.model.parameters import Param, params_of
from foglight.model.part_functions import PartFunctions

# Of the value in the model.
FACTORS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.15, 1.4, 2.0, 3.0, 5.0, 10.0, 20.0)
_MOST = 6  # parameters
_STEPS = (0.1, 0.7)  # seconds over which a motion is tried


def of_parameters(evidence: Evidence) -> list[Family]:
    """Each parameter of the motion that enters its dynamics. One of 0 has no scale to search on."""
    model = evidence.model
    names = [name for name, value in model.motion.params.items() if value and _moves(model, name)]
    return [
        Family(
            partial(
                _valued, model, model.full_names(MOTION)[name], float(np.sign(model.motion.params[name]))
            ),
            tuple(abs(model.motion.params[name]) * factor for factor in FACTORS),
            fitted=True,
        )
        for name in names[:_MOST]
    ]


def of_pace(evidence: Evidence) -> list[Family]:
    """The pace of a motion that has time constants: they may not be parameters."""
    model = evidence.model
    return [Family(_paced, FACTORS, fitted=True)] if keeps_time(model) else []


def _moves(model: Model, name: str) -> bool:
    """Whether a parameter enters the dynamics."""
    mean = start_mean(model)
    twice = {name: 2.0 * model.motion.params[name]}
    try:
        return any(
            not np.array_equal(moved(model, x, dt), moved(model, x, dt, **twice))
            for x in (mean, mean + 1.0 + 0.37 * np.arange(len(mean)))
            for dt in _STEPS
        )
    except Exception:  # the user's function may fail away from the data
        return False


def _valued(model: Model, name: str, sign: float, size: float) -> Hypothesis:
    value, before = float(f"{sign * size:.4g}"), model.parameters[name]
    return Hypothesis(
        Code.DYNAMICS,
        name,
        value,
        f"parameter {name} = {before:g}: the log prefers {value:.3g}",
        f"try {name.partition('.')[2]} = {value:.4g}",
        f"{name} = {value:.3g}",
        lambda model, log: (model.with_parameters({name: value}), log),
        suggestions={name: value},
        modest=True,
        beside_noises=True,
    )


def _paced(factor: float) -> Hypothesis:
    pace = "slower" if factor < 1.0 else "faster"
    times = max(factor, 1.0 / factor)
    return Hypothesis(
        Code.DYNAMICS,
        MOTION,
        factor,
        f"the motion is {times:.3g}x {pace} than modelled",
        f"multiply its time constants by {1.0 / factor:.4g}",
        f"time constants of the motion x {1.0 / factor:.3g}",
        partial(_at_pace, factor),
        modest=True,
        beside_noises=True,
    )


def _at_pace(factor: float, model: Model, log: Log) -> tuple[Model, Log]:
    """The model with its motion at another pace."""
    paced = kept(model, ("paced",), lambda: _with_pace(model))
    name = f"{MOTION}.{unused_name('pace', '', model.motion.params)}"
    values = dict(model.parameters) | {name: factor}
    return paced.with_parameters(values).with_start(model.start), log


def _with_pace(model: Model) -> Model:
    """The model with a parameter that multiplies each time step of its motion."""
    motion, pace = model.motion, unused_name("pace", "", model.motion.params)
    original = PartFunctions(motion, motion.ambient)

    def dynamics(x: Any, dt: Any, p: Any, *u: Any) -> Any:
        return original.dynamics(x, dt * getattr(p, pace), p, *u)

    def noise(x: Any, dt: Any, p: Any, *u: Any) -> Any:
        return original.noise(x, dt * getattr(p, pace), p, *u)

    moving = replace(
        motion, dynamics=like((motion.dynamics,), dynamics), noise=like((motion.noise,), noise),
        params=params_of(motion) | {pace: Param(1.0, low=0.0)},
    )  # fmt: skip
    return Model(moving, model.sensors, model.start, verify=False)
