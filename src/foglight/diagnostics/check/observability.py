"""What a log sees of the state at its start, along the trajectory that the filter found.

The information that all readings have of x_0, if nothing disturbed the motion: O = Σ (H_k Φ_k)ᵀ R_k⁻¹ H_k Φ_k with
Φ_k = F_k … F_1 (Jazwinski 1970, §7.4). In units of the start's standard deviations, so that no unit decides, a
direction of information λ is known to 1/√(1 + λ) of what it was before: near 0 the log has nothing to say of it.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.linearised import Linearised

ROWS = 2000  # that are looked at, at most
_SOME = 50  # rows after which it is asked whether everything has been seen
_LARGEST = 1e100  # of Φ: what grows beyond has shown itself, or never will
_NOTHING = 1e-6  # information that narrows a belief by half a millionth
_ROUNDING = 1e-13  # of the largest information


class Seen(NamedTuple):
    """Information by direction, smallest first: λ (n,), and directions (n, n), a row each, in the scaled states."""

    information: Floats
    directions: Floats


def seen_of_start(along: Linearised, used: NDArray[np.bool_], scale: Floats) -> Seen:
    """The information of the rows, of the components that were used (T, M), in states divided by `scale` (n,)."""
    n = len(scale)
    Phi, total = np.eye(n), np.zeros((n, n))
    for k in range(min(len(used), ROWS)):
        if k and not k % _SOME and not _dark(np.linalg.eigvalsh(total)).any():
            break
        if k:
            Phi = along.F[k] @ Phi
            if not np.isfinite(Phi).all() or np.abs(Phi).max() > _LARGEST:
                break
        there = used[k]
        if not there.any():
            continue
        h, variance = _independent(along.H[k][there] @ Phi * scale, along.R[k][np.ix_(there, there)])
        # A reading without noise sees all that it depends on: it counts like one whose noise is as large as the start.
        variance = np.where(variance > 0.0, variance, np.sum(h * h, axis=1))
        sees = variance > 0.0
        total += h[sees].T @ (h[sees] / variance[sees, None])
    values, vectors = np.linalg.eigh(0.5 * (total + total.T))
    return Seen(np.maximum(values, 0.0), vectors.T)


def _independent(h: Floats, R: Floats) -> tuple[Floats, Floats]:
    """Readings h (m, n) with noise R (m, m) as ones with independent noises, and the variances of these (m,)."""
    std = np.sqrt(np.diagonal(R))
    std = np.where(std > 0.0, std, 1.0)
    variance, axes = np.linalg.eigh(R / np.outer(std, std))
    return axes.T @ (h / std[:, None]), np.where(variance > _ROUNDING, variance, 0.0)


def unseen(seen: Seen, states: tuple[str, ...], scale: Floats) -> list[str]:
    """What can move without any reading of the log changing, in words."""
    return [combination(direction * scale, states) for direction in seen.directions[_dark(seen.information)]]


def _dark(information: NDArray[Any]) -> NDArray[np.bool_]:
    """Which directions have no information but rounding."""
    dark: NDArray[np.bool_] = information <= max(_NOTHING, _ROUNDING * float(information.max(initial=0.0)))
    return dark


def combination(direction: Floats, states: tuple[str, ...]) -> str:
    """A direction in the states' own units, the largest share as 1: "x moves by 1 and y by -0.5", or "x moves"."""
    weight = np.abs(direction) / max(float(np.abs(direction).max()), 1e-300)
    order = [int(i) for i in np.argsort(-weight, kind="stable") if weight[i] > 1e-3]
    if len(order) == 1:
        return f"{states[order[0]]} moves"
    shares = [f"{states[i]} by {float(direction[i] / direction[order[0]]):.3g}" for i in order[1:]]
    return " and ".join([f"{states[order[0]]} moves by 1", *shares])
