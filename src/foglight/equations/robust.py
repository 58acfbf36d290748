"""Readings that do not belong: when one is left out, how far one may pull, and how the belief gives way."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.equations.gaussian import Belief, FullBelief, UpdateInfo
from foglight.trace.ops import absolute, maximum, negated, positive, reciprocal, select, sqrt, total


def counted(info: UpdateInfo, used: list[Any]) -> list[Any]:
    """Which components have an innovation: those that are there, without those that an unknown direction took up."""
    if not info.absorbed:
        return used
    return [negated(absorbed) & u for absorbed, u in zip(info.absorbed, used, strict=True)]


def limit_for(limits: tuple[float, ...], info: UpdateInfo, used: list[Any]) -> Any:
    """The limit for as many components as count in the NIS: those with an innovation and a variance."""
    there = [u & positive(s) for s, u in zip(info.white.S, counted(info, used), strict=True)]
    count = total([select(mask, 1.0, 0.0) for mask in there])
    limit: Any = limits[0]
    for k, higher in enumerate(limits[1:], start=1):
        limit = select(count > k, higher, limit)
    return limit


def bound_for(limits: tuple[float, ...], info: UpdateInfo, used: list[Any]) -> Any:
    """The same for how far a reading may pull: none for one that an unknown direction takes up, in part or whole."""
    limit = limit_for(limits, info, used)
    for absorbed in info.absorbed:
        limit = select(absorbed, np.inf, limit)
    return limit


def outlying(info: UpdateInfo, limit: Any) -> Any:
    """Whether the innovation is finite and too far off: its NIS beyond the limit, or excluded by what is exact."""
    finite: Any = True
    for value in (*info.innovation, *info.white.S):
        finite = finite & (absolute(value) < np.inf)
    return finite & ((info.nis > limit) | info.faults.contradicted)


def bounded(R: NDArray[Any], info: UpdateInfo, bound: Any) -> NDArray[Any]:
    """The noise R + (1/w - 1) S that makes the gain w K, w = √(bound/NIS), where the NIS is beyond the bound; else R.

    With S/w for S the mean moves by w K e: as far as for the reading at the bound in the same direction, Huber's
    ψ of the distance (Huber 1964, §4; Masreliez & Martin 1977, §III), and the NIS becomes √(bound · NIS).
    """
    beyond = info.nis > bound
    share = sqrt(info.nis * (1.0 / bound)) - 1.0
    result: NDArray[Any] = select(beyond, R + share * info.S, R)
    return result


def widening(info: UpdateInfo) -> Any:
    """The factor on P, at least 1, with which each independent innovation is within a deviation of its prediction.

    ε²/(S - r), the largest: without unit. A component of which the state knows everything has no say. Where P ties
    several components closely together the widened P ties them less, and a second factor may be needed.
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


def told(plain: UpdateInfo, held: UpdateInfo) -> UpdateInfo:
    """What an update in two passes says: innovation, S and NIS of the plain one, gain and likelihood of the other."""
    either = plain.faults.indefinite | held.faults.indefinite
    return plain._replace(K=held.K, loglik=held.loglik, faults=plain.faults._replace(indefinite=either))
