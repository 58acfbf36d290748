"""What the data can and cannot determine about parameters, in sentences."""

import numpy as np

from foglight.core.text import counted
from foglight.tuning.ascent import ENOUGH
from foglight.tuning.enough_readings import constant_measures
from foglight.tuning.identifiability import unidentified
from foglight.tuning.needless import needless
from foglight.tuning.objective import Objective
from foglight.tuning.optimum import Optimum
from foglight.tuning.search import search

_FEW = 20  # innovations per parameter
_VANISHED = float(np.finfo(float).eps)  # relative to the initial value: a noise that runs away to 0
_DECISIVE = 10.0  # of log-likelihood
_NAMED = 2  # other maxima that are written out
_EQUAL = 1e-3  # of log-likelihood
_CONTRADICTED = 1e-3  # the probability that a true prior and the data are so far apart


def advice_on(fit: Optimum) -> list[str]:
    """Sentences on the fit as a whole, on groups of parameters, and on each parameter."""
    if said := fit.lost or _unbounded(fit):
        return said
    return [
        *_overall(fit), *_other_maxima(fit), *_priors(fit), *unidentified(fit), *_bounds(fit), *_unused(fit),
        *needless(fit, _at_zero(fit)),
    ]  # fmt: skip


def _unbounded(fit: Optimum) -> list[str]:
    """On a likelihood without a maximum: the model predicts the readings exactly as its noise vanishes."""
    objective, values = fit.objective, fit.ascent.point.values
    vanished = objective.logs & (values < _VANISHED * objective.likelihood.values)
    if fit.converged or not (vanished & (values > 0.0)).any():
        return []
    names = [name for name, gone in zip(fit.names, vanished, strict=True) if gone]
    constant = constant_measures(objective.likelihood)
    why = f"{constant[0]}: is a sensor stuck?" if constant else "Is the log constant, or a sensor stuck?"
    return [
        f"The likelihood has no maximum: it grows without bound towards {' = '.join(names)} = 0, where the model "
        f"predicts every reading exactly. {why} Fix one noise at the resolution of the sensor, or give it a prior."
    ]


def _overall(fit: Optimum) -> list[str]:
    """On convergence, the length of the log, and the rows held out."""
    sentences = []
    if not fit.is_maximum:
        sentences.append(
            "This is not a maximum: the second derivative says that the log is more likely nearby, or the filter "
            "breaks there. Start from other parameters, free fewer of them, or give priors."
        )
    elif not fit.converged:
        sentences.append(
            f"The maximum was not reached: the decrement is {fit.decrement:.1e}, not below {ENOUGH:.0e}. "
            "Start from other parameters, free fewer of them, or give priors."
        )
    count, p = fit.objective.likelihood.innovations, len(fit.names)
    if count < _FEW * p:
        sentences.append(
            f"The log is short: {counted(count, 'reading')} for {counted(p, 'parameter')}. Intervals are rough; "
            f"{_FEW * p} would be enough."
        )
    if fit.heldout is not None and fit.heldout.rows * (fit.heldout.before - fit.heldout.tuned) > _DECISIVE:
        less = fit.heldout.rows * (fit.heldout.before - fit.heldout.tuned)
        sentences.append(
            f"The last rows are not like the first: with parameters fitted to the first 80 % of the rows, the others "
            f"are less likely than before tuning, by {less:.3g} in total log-likelihood. Look for outliers, or for "
            "noise that changes."
        )
    return sentences


def _other_maxima(fit: Optimum) -> list[str]:
    """On other maxima within reach."""
    others, sentences = fit.other_maxima, []
    for other in others[:_NAMED]:
        lower = fit.loglik - other.loglik
        how, can = (f"lower by only {lower:.2g}", "can hardly") if lower >= _EQUAL else ("as high", "cannot")
        values = ", ".join(f"{name} = {value:.4g}" for name, value in other.params.items())
        sentences.append(
            f"The log-likelihood has another maximum, {how}: {other.loglik:.7g} at {values}. The log {can} tell "
            "them apart: choose by what is known, and bound a parameter, fog.param(…, low=, high=), or give it a prior."
        )
    if len(others) > _NAMED:
        sentences.append(
            f"There are {len(others) - _NAMED} more such maxima: see other_maxima. Free fewer parameters."
        )
    return sentences


def _priors(fit: Optimum) -> list[str]:
    """On priors that the data contradict."""
    objective = fit.objective
    likelihood, with_prior = objective.likelihood, np.flatnonzero(objective.precisions > 0.0)
    if not len(with_prior):
        return []
    from scipy.special import gammainccinv  # takes as long to import as many a fit takes

    without = Objective(likelihood, least=objective.least)
    top = search(without).best.point
    gain = 2.0 * (top.value - fit.loglik)
    if not gain > 2.0 * gammainccinv(0.5 * len(with_prior), _CONTRADICTED):
        return []
    values = " and ".join(f"{fit.names[i]} = {top.values[i]:.4g}" for i in with_prior)
    return [
        f"The data contradict the prior: without it the fit has {values}, and 2 × log-likelihood is higher by "
        f"{gain:.3g}. Check the unit of the prior, and that it is of the logarithm if the parameter is bounded below "
        "by 0."
    ]


def _bounds(fit: Optimum) -> list[str]:
    """On parameters at their bounds."""
    sentences, at_zero = [], _at_zero(fit)
    point, objective = fit.ascent.point, fit.objective
    for i, name in enumerate(fit.names):
        value = point.values[i]
        if i in at_zero:
            sentences.append(
                f"{name} is not needed: it is at its bound 0, and any more of it makes the data less likely. It has no "
                "interval. Leave it out, or record a longer log."
            )
        elif i in objective.least and value == objective.low[i]:
            least = objective.least[i]
            sentences.append(
                f"{name} is at {value:.3g}, the noise of rounding alone: {least.measure} comes in steps of "
                f"{least.step:.3g}, and this is the step / √12. The log asks for less. It has no interval. If the "
                "readings are not rounded, tune with resolution=False."
            )
        elif value in (objective.low[i], objective.high[i]) and i not in _without_effect(fit):
            sentences.append(
                f"{name} is at its bound {value:g} and has no interval. Widen the bound, or fix it there."
            )
    return sentences


def _at_zero(fit: Optimum) -> list[int]:
    """The indices of parameters with an effect at their bound 0."""
    zero = fit.objective.logs & (fit.ascent.point.values == 0.0)
    return [i for i in np.flatnonzero(zero).tolist() if i not in _without_effect(fit)]


def _without_effect(fit: Optimum) -> list[int]:
    """The indices of parameters that no reading depends on, at any value."""
    point, objective = fit.ascent.point, fit.objective
    nothing = (np.diag(point.information) == 0.0) & (point.gradient == 0.0)
    return [i for i in np.flatnonzero(nothing).tolist() if not (objective.logs[i] and i in fit.ascent.pinned)]


def _unused(fit: Optimum) -> list[str]:
    """On parameters without effect."""
    return [
        f"The log says nothing about {fit.names[i]}: no reading depends on it. It keeps its value, "
        f"{fit.ascent.point.values[i]:.4g}. Leave it out of free."
        for i in _without_effect(fit)
    ]
