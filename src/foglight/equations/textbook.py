"""The linear filter in textbook form, on means and full covariances: for teaching and comparison.

The default filter computes with factors (ud.py); these two forms lose digits that it keeps.
Kalman 1960; the numbering is that of Bar-Shalom, Li & Kirubarajan 2001.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.equations.ud import split, whiten
from foglight.trace.ops import reciprocal, unit

Invert = Callable[[NDArray[Any]], NDArray[Any]]  # S -> S⁻¹


def predict(P: NDArray[Any], F: NDArray[Any], Q: NDArray[Any]) -> NDArray[Any]:
    """Cov of x' = F x + w, w ~ N(0, Q).  P, F, Q (n, n).  Eq. 5.2.3-5."""
    return symmetric(F @ P @ F.T + Q)


def update_textbook(
    x: NDArray[Any], P: NDArray[Any], H: NDArray[Any], R: NDArray[Any], e: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """p(x | z) for z = H x + v, v ~ N(0, R), from the innovation e = z - H x.

    x (n,), P (n, n), H (m, n), R (m, m), e (m,). Returns x, P, S (m, m), K (n, m).  Eqs. 5.2.3-9 to -14.
    """
    S = symmetric(H @ P @ H.T + R)
    K = P @ H.T @ inverse(S)
    return x + K @ e, symmetric(P - K @ S @ K.T), S, K


def update_joseph(
    x: NDArray[Any],
    P: NDArray[Any],
    H: NDArray[Any],
    R: NDArray[Any],
    e: NDArray[Any],
    invert: Invert | None = None,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The same as a sum of two squares, valid for any gain and less sensitive to rounding.  Eq. 5.2.3-18.

    invert: what to use in place of `inverse`.
    """
    S = symmetric(H @ P @ H.T + R)
    K = P @ H.T @ (invert or inverse)(S)
    A = unit(len(x), P) - K @ H
    return x + K @ e, symmetric(A @ P @ A.T + K @ R @ K.T), S, K


def update_correlated(
    x: NDArray[Any],
    P: NDArray[Any],
    H: NDArray[Any],
    R: NDArray[Any],
    M: NDArray[Any],
    e: NDArray[Any],
    invert: Invert | None = None,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """`update_textbook` where the error of x and the noise v have the covariance M (n, m).  §8.3."""
    S = symmetric(H @ P @ H.T + H @ M + M.T @ H.T + R)
    K = (P @ H.T + M) @ (invert or inverse)(S)
    return x + K @ e, symmetric(P - K @ S @ K.T), S, K


def smooth(
    x: NDArray[Any],
    P: NDArray[Any],
    F: NDArray[Any],
    Q: NDArray[Any],
    later_x: NDArray[Any],
    later_P: NDArray[Any],
    invert: Invert | None = None,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """p(x | all z) from the filtered x, P and the smoothed x', P' of the next row, for x' = F x + w, w ~ N(0, Q).

    Returns x, P, the gain C (n, n) and the predicted covariance of x' (n, n).  Rauch, Tung & Striebel 1965.
    """
    P_predicted = predict(P, F, Q)
    C = P @ F.T @ (invert or inverse)(P_predicted)
    return x + C @ (later_x - F @ x), symmetric(P + C @ (later_P - P_predicted) @ C.T), C, P_predicted


def inverse(S: NDArray[Any]) -> NDArray[Any]:
    """S⁻¹ of a covariance by its factor: S = L d Lᵀ, S⁻¹ = L⁻ᵀ d⁻¹ L⁻¹; directions without variance give 0."""
    L, d, _ = split(S)
    B = whiten(L, unit(len(S), S))
    result: NDArray[Any] = B.T @ (np.array([reciprocal(v) for v in d], S.dtype)[:, None] * B)
    return result


def symmetric(A: NDArray[Any]) -> NDArray[Any]:
    """A with its lower triangle copied from the upper, so that it is symmetric to the bit."""
    if isinstance(A, np.ndarray) and A.dtype != object:
        mirrored: NDArray[Any] = np.where(_upper(len(A)), A, A.T)
        return mirrored
    B = A.copy()
    for i in range(len(A)):
        B[i, :i] = A[:i, i]
    return B


@functools.lru_cache(maxsize=32)
def _upper(n: int) -> NDArray[np.bool_]:
    return np.triu(np.ones((n, n), np.bool_))
