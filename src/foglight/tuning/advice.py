"""What the data can and cannot tell of parameters, in sentences."""

from typing import Any

import numpy as np

from foglight.core.errors import DataError
from foglight.core.text import counted
from foglight.diagnostics.check.check import LEVEL, check
from foglight.inference.run import Run, run
from foglight.model.model import MOTION
from foglight.tuning.ascent import ENOUGH
from foglight.tuning.identifiability import unidentified
from foglight.tuning.initial_guess import begin
from foglight.tuning.noise_parameters import is_noise, wander
from foglight.tuning.objective import Objective
from foglight.tuning.optimum import Optimum
from foglight.tuning.zero_variance import ascend

_PRESENT = 5.41  # 2 Δ log-likelihood, 99 %: half of it χ² with one degree of freedom, at 0 (Chernoff 1954)
_VAGUE = 0.4  # of a logarithm: an interval by a factor of more than two either way
_TINY = 0.02  # of the innovations' variance
_UNSEEN = 0.1  # of 2 Δ log-likelihood a reading: no reading alone shows it
_FEW = 20  # innovations a parameter
_GONE = float(np.finfo(float).eps)  # of what it was before: a noise that runs away to 0
_DECISIVE = 10.0  # of log-likelihood
_NEVER = 1e-9  # as many logs of good readings would have one so far off
_CONTRADICTED = 1e-3  # as rarely are a true prior and the data so far apart


def advice_on(fit: Optimum) -> list[str]:
    """Sentences on the fit as a whole, on groups of parameters, then on each one, and on what no parameter mends."""
    if endless := _endless(fit):
        return endless
    told = [*_whole(fit), *_priors(fit), *unidentified(fit), *_bounds(fit), *_unheard(fit), *_small(fit)]
    return [*told, *_not_mended(fit)] if fit.converged else told


def _endless(fit: Optimum) -> list[str]:
    """Of a likelihood without a top: readings that are foretold exactly, by noise that is nothing."""
    objective, values = fit.objective, fit.ascent.point.values
    nothing = objective.logs & (values > 0.0) & (values < _GONE * objective.likelihood.values)
    if fit.converged or not nothing.any():
        return []
    names = [name for name, gone in zip(fit.names, nothing, strict=True) if gone]
    return [
        f"The likelihood has no top: it grows without end towards {' = '.join(names)} = 0, for there the model "
        "foretells every reading exactly. A log of constants, or a sensor that is stuck? Fix one noise at "
        "what the sensor resolves, or give it a prior."
    ]


def _whole(fit: Optimum) -> list[str]:
    told = []
    if not fit.converged:
        told.append(
            f"The maximum was not reached: the decrement is {fit.decrement:.1e}, not below {ENOUGH:.0e}. "
            "Start from other parameters, free fewer of them, or give priors."
        )
    count, p = fit.objective.likelihood.innovations, len(fit.names)
    if count < _FEW * p:
        told.append(
            f"The log is short: {counted(count, 'reading')} for {counted(p, 'parameter')}. Intervals are rough; "
            f"{_FEW * p} would do."
        )
    if fit.heldout is not None and fit.heldout.rows * (fit.heldout.before - fit.heldout.tuned) > _DECISIVE:
        less = fit.heldout.rows * (fit.heldout.before - fit.heldout.tuned)
        told.append(
            f"The last rows are not like the first: what the first 80 % say makes the others less likely than the "
            f"parameters before tuning did, by {less:.3g} in all. Look for outliers, or for noise that changes."
        )
    return told


def _priors(fit: Optimum) -> list[str]:
    """Whether the data contradict what was known before: what they alone would have."""
    from scipy.special import gammainccinv

    objective = fit.objective
    likelihood, held = objective.likelihood, np.flatnonzero(objective.precisions > 0.0)
    if not len(held):
        return []
    alone = Objective(likelihood)
    top = ascend(alone, begin(alone, likelihood.values)).point
    gain = 2.0 * (top.value - fit.loglik)
    if not gain > 2.0 * gammainccinv(0.5 * len(held), _CONTRADICTED):
        return []
    told = " and ".join(f"{fit.names[i]} = {top.values[i]:.4g}" for i in held)
    return [
        f"The data contradict the prior: alone they would have {told}, and 2 × log-likelihood higher by {gain:.3g}. "
        "Check its unit, and that it is of the logarithm where the parameter is bounded below by 0."
    ]


def _bounds(fit: Optimum) -> list[str]:
    told = []
    point, objective = fit.ascent.point, fit.objective
    for i, name in enumerate(fit.names):
        value = point.values[i]
        if i in _silent(fit):
            continue
        if value == objective.low[i] and objective.logs[i]:
            told.append(
                f"{name} is not needed: it is at its bound 0, where more of it makes the data less likely. It has no "
                "interval. Leave it out, or record a longer log."
            )
        elif value in (objective.low[i], objective.high[i]):
            told.append(
                f"{name} is at its bound {value:g} and has no interval. Widen the bound, or fix it there."
            )
    return told


def _silent(fit: Optimum) -> list[int]:
    """The parameters of which the data say nothing at all, wherever they are."""
    point, objective = fit.ascent.point, fit.objective
    nothing = (np.diag(point.information) == 0.0) & (point.gradient == 0.0)
    return [i for i in np.flatnonzero(nothing).tolist() if not (objective.logs[i] and i in fit.ascent.pinned)]


def _unheard(fit: Optimum) -> list[str]:
    return [
        f"The log says nothing of {fit.names[i]}: no reading depends on it. It keeps its value, "
        f"{fit.ascent.point.values[i]:.4g}. Leave it out of free."
        for i in _silent(fit)
    ]


def _small(fit: Optimum) -> list[str]:
    """Of each standard deviation that is small or vague: whether the data need it, and how much it is."""
    point, objective, told = fit.ascent.point, fit.objective, []
    shares = 0.5 * np.where(objective.logs, point.values, 0.0) * objective.likelihood.shares(point.values)
    asked = objective.logs & (point.values > 0.0) & (objective.precisions == 0.0)
    for i in np.flatnonzero(asked & (np.diag(point.information) > 0.0)).tolist():
        name, vague = fit.names[i], not fit.spread[i] < _VAGUE
        if not (vague or shares[i] < _TINY):
            continue
        values = point.values.copy()
        values[i] = 0.0
        without = objective.at(values)
        if not np.isfinite(without.value):
            continue
        gain = 2.0 * (point.value - ascend(objective.holding(i), without).point.value)
        if gain < _PRESENT:
            told.append(
                f"{name} is not needed: without it 2 × log-likelihood is less by {max(gain, 0.0):.2g} only, and "
                f"{_PRESENT} would be a reason. Leave it out (0), or record a longer log."
            )
        elif (
            shares[i] < _TINY
            and gain < _UNSEEN * objective.likelihood.innovations
            and is_noise(fit.model, name)
        ):
            what = "a slow drift" if name.startswith(f"{MOTION}.") else "noise"
            told.append(
                f"{name} = {point.values[i]:.3g}{wander(fit, i)}: {what} is there though tiny. It makes "
                f"{100 * shares[i]:.2g} % of the innovations' variance, yet without it 2 × log-likelihood is less by "
                f"{gain:.4g}. Keep it."
            )
    return told


def _not_mended(fit: Optimum) -> list[str]:
    """What parameters cannot mend, in sentences on the logs under the tuned model: each thing once."""
    likelihood = fit.objective.likelihood
    logs, method = likelihood.logs, likelihood.method
    outliers: list[tuple[float, int, int]] = []
    found: dict[Any, list[tuple[int, str]]] = {}
    for k, log in enumerate(logs):
        filtered = run(fit.model, log, method, start_time=likelihood.start_time)
        if (strange := _outlier(filtered)) and not method.gate:
            outliers.append((*strange, k))
        try:
            health = check(filtered, level=LEVEL / len(logs))
        except DataError:  # too few readings to say anything
            continue
        for one in health.findings:
            found.setdefault((one.code, one.subject), []).append((k, one.sentence))
    told = []
    if outliers:
        size, row, k = max(outliers)
        bound = "" if method.huber else ", or tune with huber=3, which bounds its pull"
        told.append(
            f"An outlier{_where([k], logs)}: {_place(row, logs[k])} is {size:.3g} standard deviations off, and makes "
            f"the noise larger than that of the other rows. Write NaN for it{bound}."
        )
    for places in found.values():
        where = _where([k for k, _ in places], logs)
        told.append(f"The tuned model still fails its checks{where}: {places[0][1]}")
    return told


def _where(places: list[int], logs: tuple[Any, ...]) -> str:
    if len(logs) == 1:
        return ""
    if len(places) == 1:
        return f", log {places[0] + 1}"
    return f" in {len(places)} of {len(logs)} logs; the first is log {places[0] + 1}"


def _place(row: int, log: Any) -> str:
    return f"row {row}" if log.tracks is None else f"row {row % len(log)} of track {row // len(log)}"


def _outlier(run: Run) -> tuple[float, int] | None:
    """The distance and the number of the row that is farthest off, if no log of good readings would have such a one."""
    from scipy.special import gammaincc

    nis = np.where(np.isnan(run.nis), 0.0, run.nis).ravel()
    components = np.count_nonzero(~np.isnan(run.innovation), axis=-1).ravel()
    row = int(np.argmax(nis))
    if not nis[row] > 0.0 or gammaincc(0.5 * components[row], 0.5 * nis[row]) * len(nis) > _NEVER:
        return None
    return float(np.sqrt(nis[row])), row
