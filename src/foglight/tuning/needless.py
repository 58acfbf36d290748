"""Which standard deviations the data do not need, tested one by one and together.

Two noises may stand in for each other: without either one the data are as likely as with both, without both they are
not. So a parameter is called needless only together with all those that were called so before it.
"""

import numpy as np

from foglight.model.model import MOTION
from foglight.tuning.maximum import height
from foglight.tuning.noise_parameters import noise_names
from foglight.tuning.optimum import Optimum
from foglight.tuning.wander import wander

_PRESENT = 5.41  # 2 Δ log-likelihood, 99 %: at 0 it is half χ² with one degree of freedom (Chernoff 1954)
_VAGUE = 0.4  # standard error of a logarithm: the interval is a factor of more than two either way
_TINY = 0.02  # share of the innovations' variance
_UNSEEN = 0.1  # 2 Δ log-likelihood per reading: no single reading shows it


def needless(fit: Optimum, at_zero: list[int]) -> list[str]:
    """A sentence on each standard deviation that is small or vague: whether the data need it, and how large its effect
    is. at_zero: the indices of those at their bound 0."""
    point, objective, sentences = fit.ascent.point, fit.objective, []
    shares = 0.5 * np.where(objective.logs, point.values, 0.0) * objective.likelihood.shares(point.values)
    known = np.diag(point.information) > 0.0
    tested = (objective.low == 0.0) & (point.values > 0.0) & (objective.precisions == 0.0) & known
    doubtful = [i for i in np.flatnonzero(tested).tolist() if not fit.spread[i] < _VAGUE or shares[i] < _TINY]
    costs = {i: _cost(fit, [i]) for i in doubtful}
    left_out = list(at_zero)
    for i in sorted(doubtful, key=lambda i: costs[i]):
        name, cost = fit.names[i], costs[i]
        if cost < _PRESENT:
            others = _listed([fit.names[k] for k in left_out])
            together = _cost(fit, [*left_out, i]) if left_out else cost
            if together < _PRESENT:
                without = f"it and {others}" if left_out else "it"
                sentences.append(
                    f"{name} is not needed: without {without} 2 × log-likelihood falls by only "
                    f"{max(together, 0.0):.2g}, and {_PRESENT} would be significant. Leave it out (0), or record a "
                    "longer log."
                )
                left_out.append(i)
            else:
                sentences.append(
                    f"{name} can only be left out if {others} is not: without it alone 2 × log-likelihood falls by "
                    f"{max(cost, 0.0):.2g}, without both by {together:.3g}, and {_PRESENT} is significant. Keep one "
                    "of them."
                )
        elif (
            shares[i] < _TINY
            and cost < _UNSEEN * objective.likelihood.innovations
            and name in noise_names(fit.model)
        ):
            what = "a slow drift" if name.startswith(f"{MOTION}.") else "noise"
            sentences.append(
                f"{name} = {point.values[i]:.3g}{wander(fit, i)}: {what} is present though tiny. It makes up "
                f"{100 * shares[i]:.2g} % of the innovations' variance, yet without it 2 × log-likelihood falls by "
                f"{cost:.4g}. Keep it."
            )
    return sentences


def _cost(fit: Optimum, which: list[int]) -> float:
    """By how much 2 × log-likelihood falls if these parameters are 0 and the others tuned again, those at 0 as well."""
    objective, values = fit.objective, fit.ascent.point.values.copy()
    for i, before in fit.ascent.pinned.items():
        values[i] = before
    for i in which:
        objective = objective.holding(i)
        values[i] = 0.0
    without = objective.at(values)
    if not np.isfinite(without.value):
        return np.inf
    return 2.0 * (fit.ascent.point.value - height(objective, without))


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
