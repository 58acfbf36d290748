"""Whether the method is at fault and not the model: if functions bend strongly, another method predicts better.

A poor linearisation makes innovations large, biased and correlated, and perturbations of the model would compensate for
it. So if something was found, the same model is run with other methods. If one of them gains more than half of what the
perturbations gain, and is healthy itself, the finding names the method. A method that is only better than a bad one
says nothing: with readings in other units some method is always less lost than the others.
"""

import numpy as np

from foglight.compiler.linearity import is_linear_gaussian
from foglight.core.errors import FoglightError
from foglight.diagnostics.check.correlations import autocorrelations
from foglight.diagnostics.check.health import Code, Finding
from foglight.diagnostics.check.innovations import innovations_of
from foglight.diagnostics.check.run_again import gain_of, run_again
from foglight.diagnostics.check.statistics import nis_mean
from foglight.inference.run import Run
from foglight.methods.ekf import EKF, KF
from foglight.methods.method import Method
from foglight.methods.ukf import UKF

_SHARE = 0.5  # of the gain of the perturbations
_LEAST = 30.0  # 2 Δloglik that another method must gain
_LESS_LIKELY = 5.0  # log-likelihood by which another method must contradict a finding
_LEVEL = 1e-3  # at which its NIS is tested
_ABOUT = 0.2  # absolute logarithm below which a mean NIS is about right
_WHITE = 0.2  # correlation below which innovations are about white
_LONG = 5_000  # operations of a step; those of the other methods are some five times as many
_WIDE = 5.0  # standard deviations of a correlation


def other_method(run: Run, gained: float) -> Finding | None:
    """The finding that another method fits better, if any; gained: 2 Δloglik of the perturbations on the same rows."""
    if isinstance(run.method, KF) or is_linear_gaussian(run.model):
        return None
    best: tuple[float, Method] | None = None
    for method in others(run):
        gain = _gain(run, method)
        if gain is not None and (best is None or gain > best[0]):
            best = gain, method
    if best is None or best[0] < max(_LEAST, _SHARE * gained) or not _healthy(run, best[1]):
        return None
    gain, method = best
    sentence = (
        f"the method is at fault, not the model: with fog.{method!r} the same log is likelier by 2 Δloglik "
        f"{gain:.0f}, while no change of the model gains more than {gained:.0f}; use it, and see fog.compare."
    )
    return Finding(Code.CURVED, "method", gain, 0.0, _LEAST, gain, np.nan, sentence)


def of_this_method_only(run: Run, finding: Finding) -> bool:
    """Whether what a finding suggests makes the log less likely to another method: then it mends an error of this one.

    A sensor that is off is off whatever the filter; a poor linearisation errs differently in each of them."""
    if finding.change is None or isinstance(run.method, KF) or is_linear_gaussian(run.model):
        return False
    try:
        model, log = finding.apply(run.model, run.log)
        if _loglik(run_again(run, model=model, log=log)) <= _loglik(run):
            return False  # not even to this one: `followed.hedged` says so
        for method in others(run):
            before, after = (
                run_again(run, method=method, **new) for new in ({}, {"model": model, "log": log})
            )
            if _loglik(after) < _loglik(before) - _LESS_LIKELY:
                return True
    except FoglightError:
        return False
    return False


def _loglik(run: Run) -> float:
    return float(np.sum(run.loglik))


def others(run: Run) -> list[Method]:
    """The methods that may fit better; none where tracing, compiling and running them would take too long."""
    if run._engine.kernel.size > _LONG:
        return []
    own, guards = run.method, run.method.guards
    tried: list[Method] = [EKF(iterations=5, **guards), UKF(**guards), EKF(**guards)]
    return [other for other in tried if repr(other) != repr(own)]


def _healthy(run: Run, method: Method) -> bool:
    """Whether the innovations of this method are about as large as it states, and white."""
    found = innovations_of(run_again(run, method=method))
    sensors = [k for k in range(len(found.sizes)) if found.counts[:, k].any()]
    sizes = [nis_mean(found, _LEVEL, [k]) for k in sensors]
    if not all(size.inside or abs(float(np.log(size.value))) < _ABOUT for size in sizes):
        return False
    return all(
        (np.abs(pair.value) < np.maximum(_WHITE, pair.bound(_WIDE))).all() for pair in autocorrelations(found)
    )


def _gain(run: Run, method: Method) -> float | None:
    try:
        other = run_again(run, method=method, keep="last")
    except FoglightError:
        return None
    gain = gain_of(run, other)
    return gain if np.isfinite(gain) else None
