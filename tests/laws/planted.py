"""Defects to plant into the library, each in the one place that every filter passes through.

An acceptance test that does not fail with one of them in place does not test what it says.
"""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler import finite_differences
from foglight.compiler.engine import cache
from foglight.compiler.kernels import filter as filter_kernel
from foglight.compiler.kernels import simulation
from foglight.compiler.kernels import smoother as smoother_kernel
from foglight.equations import diffuse, extended, gaussian, information, smoother, textbook, ud, unscented
from foglight.equations.ud import condition
from foglight.inference import run, step_equations
from foglight.inference.linear_smoother import LinearSmoother
from foglight.inference.prepare import prepare
from foglight.live.filter import Live
from foglight.methods import layout

Patch = pytest.MonkeyPatch
Change = Callable[[Any], Any]
UPDATES = (
    (extended, "update", 3),
    (extended, "update_full", 3),
    (unscented, "update", 4),
)  # and where R stands


def same(value: Any) -> Any:
    return value


def updates(patch: Patch, noise: Change = same, result: Change = same, only: Any = None) -> None:
    """Every update with another R, or another result."""
    for module, name, place in UPDATES:
        if only is None or module is only:
            patch.setattr(module, name, altered(getattr(module, name), place, noise, result))


def altered(update: Any, place: int, noise: Change, result: Change) -> Any:
    def planted(*given: Any) -> Any:
        belief, info = update(*given[:place], noise(given[place]), *given[place + 1 :])
        return result(belief), info

    return planted


def covariance(change: Callable[[Any], Any]) -> Change:
    """What is done to a covariance, in full or to the weights of its factor."""

    def on(belief: Any) -> Any:
        if isinstance(belief, gaussian.FullBelief):
            return belief._replace(P=change(belief.P))
        return belief._replace(D=change(belief.D))

    return on


def predictions(patch: Patch, noise: Change = same, belief: Change = same) -> None:
    """Every prediction with another Q, or from another factor."""
    for owner in (gaussian.Belief, gaussian.FullBelief):

        def planted(self: Any, y: Any, F: Any, Q: Any, original: Any = owner.predict) -> Any:
            return original(belief(self), y, F, noise(Q))

        patch.setattr(owner, "predict", planted)
    points = unscented.predict

    def spread(given: Any, function: Any, Q: Any, *rest: Any) -> Any:
        return points(belief(given), function, noise(Q), *rest)

    patch.setattr(unscented, "predict", spread)


def no_process_noise(patch: Patch) -> None:
    predictions(patch, noise=lambda Q: replace(Q, variances=np.asarray(Q.variances) * 0.0))


def no_transpose(patch: Patch) -> None:
    """U' D U and F' P F instead of U D U' and F P F'."""
    predictions(patch, belief=lambda b: b if isinstance(b, gaussian.FullBelief) else b._replace(U=b.U.T))
    full = textbook.predict
    patch.setattr(textbook, "predict", lambda P, F, Q: full(P, F.T, Q))


def readings(patch: Patch, change: Change) -> None:
    """Every run with other measurements."""

    def planted(*given: Any, **more: Any) -> Any:
        arrays = prepare(*given, **more)
        return replace(arrays, z=np.ascontiguousarray(change(arrays.z)))

    patch.setattr(run, "prepare", planted)


def one_row_late(patch: Patch) -> None:
    """Every row is given the measurements of the row before, in runs and in steps."""
    readings(patch, lambda z: np.roll(z, 1, axis=1))
    step, before = Live.step, "_row_before"

    def late(self: Any, t: Any, sensor: Any, z: Any) -> Any:
        held = self.__dict__.get(before, np.full(np.shape(z), np.nan))
        self.__dict__[before] = np.array(z)
        return step(self, t, sensor, held)

    patch.setattr(Live, "step", late)


def no_wrap(patch: Patch) -> None:
    for module in (filter_kernel, finite_differences, layout, unscented, smoother):
        patch.setattr(module, "wrap", same)
    patch.setattr(unscented, "_wrapped_deviations", lambda s, d: (s, d))


def fusing(patch: Patch) -> None:
    """What fuses beliefs conditions on one number after the other: variances of 0.9 there."""

    def planted(*given: Any, **more: Any) -> Any:
        x, U, D, *rest = condition(*given, **more)
        return x, U, 0.9 * D, *rest

    patch.setattr(ud, "condition", planted)


def covariance_of_belief(function: Any) -> Any:
    """The function, with a covariance of 1.05 in the belief that it returns."""

    def planted(*given: Any) -> Any:
        belief = function(*given)
        return belief._replace(D=belief.D * 1.05)

    return planted


def backwards(patch: Patch) -> None:
    """What is smoothed has covariances of 1.05 at every step back."""
    original = smoother.smoothed

    def planted(*given: Any) -> Any:
        belief, columns = original(*given)
        return belief._replace(D=belief.D * 1.05), columns

    patch.setattr(smoother, "smoothed", planted)
    for name in ("smoothed", "after_motion"):
        patch.setattr(information, name, covariance_of_belief(getattr(information, name)))


def loose_draws(patch: Patch) -> None:
    """Draws with normals of 1.05."""
    original = smoother.drawn

    def planted(x: Any, given: Any, after: Any, xi: Any, angles: Any) -> Any:
        return original(x, given, after, xi * 1.05, angles)

    patch.setattr(smoother, "drawn", planted)
    drawn = LinearSmoother.drawn

    def looser(self: Any, xi: Any) -> Any:
        return drawn(self, xi * 1.05)

    patch.setattr(LinearSmoother, "drawn", looser)


def still_directions(patch: Patch) -> None:
    """Unknown directions stay what they are while the state moves."""
    original = diffuse.Belief.predict

    def planted(self: Any, y: Any, F: Any, Q: Any) -> Any:
        return original(self, y, F, Q)._replace(A=self.A)

    patch.setattr(diffuse.Belief, "predict", planted)


def float_clock(patch: Patch) -> None:
    """Steps are differences of seconds since 1970 as floats."""

    def planted(model: Any, log: Any, *given: Any, **more: Any) -> Any:
        seconds = log.time_ns / 1e9
        return replace(prepare(model, log, *given, **more), dt=np.diff(seconds, prepend=seconds[0]))

    patch.setattr(run, "prepare", planted)


def simulated(patch: Patch, name: str, share: float) -> None:
    """Simulations with another Q or R."""
    original = getattr(simulation, name)

    def scaled(noise: Any) -> Any:
        if isinstance(noise, fog.noise.Factored):
            return replace(noise, variances=np.asarray(noise.variances) * share)
        return np.asarray(noise) * share

    def planted(*given: Any) -> Any:
        found = original(*given)
        return (scaled(found[0]), found[1]) if isinstance(found, tuple) else scaled(found)

    patch.setattr(simulation, name, planted)


DEFECTS: dict[str, Callable[[Patch], None]] = {
    "P": lambda patch: updates(patch, result=covariance(lambda P: P * 1.05)),
    "spread": lambda patch: predictions(patch, belief=covariance(lambda P: P * 1.05)),
    "R": lambda patch: updates(patch, noise=lambda R: R * 0.9),
    "Q": no_process_noise,
    "lag": one_row_late,
    "transpose": no_transpose,
    "wrap": no_wrap,
    "points": lambda patch: updates(patch, result=covariance(lambda P: P * 1.05), only=unscented),
    "epsilon": lambda patch: updates(patch, result=covariance(lambda P: P + 1e-12)),
    "missing": lambda patch: readings(patch, np.nan_to_num),
    "clock": float_clock,
    "fusing": fusing,
    "directions": still_directions,
    "backwards": backwards,
    "draws": loose_draws,
    "simulated-R": lambda patch: simulated(patch, "sensor_noise", 0.9),
    "simulated-Q": lambda patch: simulated(patch, "process_noise", 0.0),
}


def plant(defect: str, patch: Patch) -> None:
    """Plant it, and keep what is compiled with it apart from what models have compiled already."""
    DEFECTS[defect](patch)
    for module in (cache, smoother_kernel):
        patch.setattr(module, "repr", lambda method: f"{method!r} with {defect}", raising=False)
    for name in ("_prediction", "_measurement", "_fusion"):  # compiled for single calls
        patch.setattr(step_equations, name, functools.cache(getattr(step_equations, name).__wrapped__))
