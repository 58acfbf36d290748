"""Outliers: when a reading is rejected, how far it may move the mean, and how the belief is widened."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.equations.gaussian import Belief, FullBelief, UpdateInfo
from foglight.trace.ops import absolute, maximum, negated, positive, reciprocal, select, sqrt, total


def counted(info: UpdateInfo, used: list[Any]) -> list[Any]:
    """Which components have an innovation: those present, except those that an unknown direction absorbed."""
    if not info.absorbed:
        return used
    return [negated(absorbed) & u for absorbed, u in zip(info.absorbed, used, strict=True)]


def limit_for(limits: tuple[float, ...], info: UpdateInfo, used: list[Any]) -> Any:
    """The limit for the number of components in the NIS: those with an innovation and a variance."""
    counting = [u & positive(s) for s, u in zip(info.white.S, counted(info, used), strict=True)]
    count = total([select(mask, 1.0, 0.0) for mask in counting])
    limit: Any = limits[0]
    for k, higher in enumerate(limits[1:], start=1):
        limit = select(count > k, higher, limit)
    return limit


def bound_for(limits: tuple[float, ...], info: UpdateInfo, used: list[Any]) -> Any:
    """The same for the Huber bound: infinite for a reading that an unknown direction absorbs, in part or whole."""
    limit = limit_for(limits, info, used)
    for absorbed in info.absorbed:
        limit = select(absorbed, np.inf, limit)
    return limit


def outlying(info: UpdateInfo, limit: Any) -> Any:
    """Whether the innovation is finite and too large: its NIS exceeds the limit, or it contradicts an exact state."""
    finite: Any = True
    for value in (*info.innovation, *info.white.S):
        finite = finite & (absolute(value) < np.inf)
    return finite & ((info.nis > limit) | info.faults.contradicted)


def bounded(R: NDArray[Any], info: UpdateInfo, bound: Any) -> NDArray[Any]:
    """The noise R + (1/w - 1) S that makes the gain w K, w = √(bound/NIS), where the NIS exceeds the bound; else R.

    With S/w for S the mean moves by w K e: as far as for the reading at the bound in the same direction, Huber's
    ψ of the distance (Huber 1964, §4; Masreliez & Martin 1977, §III), and the NIS becomes √(bound · NIS).
    """
    beyond = info.nis > bound
    share = sqrt(info.nis * (1.0 / bound)) - 1.0
    result: NDArray[Any] = select(beyond, R + share * info.S, R)
    return result


def widening(info: UpdateInfo) -> Any:
    """The factor on P, at least 1, that puts each independent innovation within one deviation of its prediction.

    It is the largest ε²/(S - r), a number without unit. A component with no variance from the state does not count.
    If P correlates several components strongly, the widened P correlates them less, and a second factor may be needed.
    """
    factor: Any = 1.0
    for e, s, r in zip(*info.white, strict=True):
        factor = maximum(factor, e * reciprocal(s - r) * e)
    return factor


def widened(belief: Belief | FullBelief, factor: Any) -> Belief | FullBelief:
    """N(x, factor · P)."""
    if isinstance(belief, FullBelief):
        return belief._replace(P=belief.P * factor)
    return belief._replace(D=belief.D * factor)


def reported(plain: UpdateInfo, inflated: UpdateInfo) -> UpdateInfo:
    """The information on an update in two passes: innovation, S and NIS of the plain pass, gain and likelihood of the
    pass with inflated noise."""
    either = plain.faults.indefinite | inflated.faults.indefinite
    return plain._replace(
        K=inflated.K, loglik=inflated.loglik, faults=plain.faults._replace(indefinite=either)
    )
