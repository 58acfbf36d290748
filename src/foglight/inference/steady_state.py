"""The steady state of a time-invariant filter: its gain and its covariances, solved for directly."""

from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.linearity import require_linear
from foglight.core import checks
from foglight.core.checks import is_number
from foglight.core.errors import ModelError, NumericalError
from foglight.core.types import ArrayLike
from foglight.equations.gaussian import Factored
from foglight.inference.elapsed import takes_time
from foglight.inference.linearised import linearised
from foglight.model.covariance import averaged, noise_matrix
from foglight.model.model import Model, parameter_values

NEWTON_STEPS = 20


@dataclass(frozen=True)
class SteadyState:
    """The steady state of the filter for x' = F x + w, z = H x + v, with n states and m measurements.

    Attributes
    ----------
    gain : ndarray (n, m)
        K with x(k|k) = x(k|k-1) + K e, for the innovation e = z - H x(k|k-1).
    predicted_cov : ndarray (n, n)
        Covariance of the state before an update.
    filtered_cov : ndarray (n, n)
        Covariance of the state after an update.
    innovation_cov : ndarray (m, m)
        Covariance S of the innovation e.

    Examples
    --------
    >>> fog.steady_state(model, dt=0.1).gain.shape
    (2, 1)
    """

    gain: NDArray[np.float64]
    predicted_cov: NDArray[np.float64]
    filtered_cov: NDArray[np.float64]
    innovation_cov: NDArray[np.float64]


@overload
def steady_state(
    F: ArrayLike, Q: ArrayLike | Factored, H: ArrayLike, R: ArrayLike | Factored
) -> SteadyState: ...


@overload
def steady_state(F: Model, *, dt: float | None = None) -> SteadyState: ...


def steady_state(
    F: ArrayLike | Model,
    Q: ArrayLike | Factored | None = None,
    H: ArrayLike | None = None,
    R: ArrayLike | Factored | None = None,
    *,
    dt: float | None = None,
) -> SteadyState:
    """The stationary filter of x' = F x + w, z = H x + v, with w ~ N(0, Q) and v ~ N(0, R).

    Parameters
    ----------
    F : array_like (n, n), or Model
        The state transition matrix; or a linear model, with all its sensors in every row. Where n is 1, a number will
        do, here and below.
    Q : array_like (n, n), or fog.noise.factored(G, variances)
        The covariance of w; leave it out with a model.
    H : array_like (m, n) or (n,)
        The measurement matrix; leave it out with a model.
    R : array_like (m, m), or fog.noise.factored(G, variances)
        The covariance of v; leave it out with a model.
    dt : float, optional
        Seconds between rows, for a model; default 1.0 for a `fog.linear_model`, required for any other.

    Returns
    -------
    SteadyState
        gain (n, m), predicted_cov and filtered_cov (n, n), and innovation_cov (m, m).

    Raises
    ------
    ModelError
        If no stationary filter exists, naming the combination of states that prevents it; if a model is not linear, or
        its matrices change row by row; or if the matrices do not fit.
    NumericalError
        If the Riccati equation has no solution in float64.

    Notes
    -----
    The predicted covariance P solves the discrete algebraic Riccati equation
    P = F P Fᵀ - F P Hᵀ (H P Hᵀ + R)⁻¹ H P Fᵀ + Q (Anderson & Moore 1979, §4.4, eq. 4.4); Newton's method (Hewer 1971)
    then polishes it to rounding.

    Examples
    --------
    >>> fog.steady_state(1.0, 0.5, 1.0, 1.0).gain.round(12)
    array([[0.5]])
    >>> walk = fog.Model(fog.motion.random_walk("x", std=1.0), [fog.sensing.linear("gps", "x", 2.0)], start=None)
    >>> fog.steady_state(walk, dt=2.0).gain.round(12)
    array([[0.5]])
    """
    from scipy.linalg import solve_discrete_are

    F_, Q_, H_, R_ = _matrices(F, dt) if isinstance(F, Model) else _checked(F, Q, H, R)
    _require_detectable(F_, H_)
    _require_noise(F_, Q_)
    try:
        P = solve_discrete_are(F_.T, H_.T, Q_, R_)
    except np.linalg.LinAlgError as error:
        raise NumericalError(
            f"the Riccati equation has no solution in float64 ({error}): expected F, Q, H, R of "
            f"comparable size. Change the units of the states so that their sizes are alike.",
            field="F",
        ) from error
    P = _polish(P, F_, Q_, H_, R_)
    S = H_ @ P @ H_.T + R_
    K = _gain(P, H_, S)
    A = np.eye(len(F_)) - K @ H_
    return SteadyState(K, P, averaged(A @ P @ A.T + K @ R_ @ K.T), averaged(S))


def _polish(
    P: NDArray[np.float64],
    F: NDArray[np.float64],
    Q: NDArray[np.float64],
    H: NDArray[np.float64],
    R: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Newton's method on the Riccati equation: fix the gain, solve for the covariance, until that no longer changes."""
    last = np.inf
    for _ in range(NEWTON_STEPS):
        K = F @ _gain(P, H, H @ P @ H.T + R)
        A = F - K @ H
        better = _sum_of_powers(A, averaged(Q + K @ R @ K.T))
        scale = np.sqrt(np.outer(np.diag(better), np.diag(better)))
        change = float(np.max(np.abs(better - P) / np.where(scale > 0, scale, 1.0)))
        P = better
        if last < 1e-9 and change >= last / 2:  # only rounding changes it
            break
        last = change
    return P


def _sum_of_powers(A: NDArray[np.float64], W: NDArray[np.float64]) -> NDArray[np.float64]:
    """X = A X Aᵀ + W = Σ Aᵏ W Aᵏᵀ for a stable A, with twice as many terms in each iteration (Smith 1968)."""
    X = W
    for _ in range(64):
        more = A @ X @ A.T
        if not np.any(np.abs(more) > np.finfo(float).eps / 8 * np.sqrt(np.outer(np.diag(X), np.diag(X)))):
            break
        X = averaged(X + more)
        A = A @ A
    return X


def _gain(P: NDArray[np.float64], H: NDArray[np.float64], S: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.solve(S, H @ P).T)


def _require_detectable(F: NDArray[np.float64], H: NDArray[np.float64]) -> None:
    """ModelError unless every mode of F that does not decay is visible in H (Popov, Belevitch, Hautus)."""
    for mode, vector in _hidden_modes(F, H):
        if abs(mode) >= 1.0 - 1e-9:
            raise ModelError(
                f"the measurement never sees {_combination(vector)}, and F does not damp it "
                f"(|mode| = {abs(mode):.6g}): expected a detectable pair F, H. "
                f"Its variance grows without end; measure it, or take it out.",
                field="H",
                value=vector,
            )


def _require_noise(F: NDArray[np.float64], Q: NDArray[np.float64]) -> None:
    """ModelError unless noise reaches every mode of F on the unit circle; without it the gain tends to 0."""
    for mode, vector in _hidden_modes(F.T, Q):
        if abs(abs(mode) - 1.0) < 1e-9:
            raise ModelError(
                f"no process noise reaches {_combination(vector)}, a mode that F neither damps nor grows: "
                f"expected Q to reach it. Its gain goes to 0 and never settles; give it some noise.",
                field="Q",
                value=vector,
            )


def _hidden_modes(
    F: NDArray[np.float64], H: NDArray[np.float64]
) -> list[tuple[complex, NDArray[np.complex128]]]:
    """Modes of F whose eigenvector v, F v = mode v, has H v = 0; rows of H are compared at unit length."""
    length = np.linalg.norm(H, axis=1, keepdims=True)
    rows = H / np.where(length > 0, length, 1.0)
    found = []
    for mode in np.linalg.eigvals(F):
        stacked = np.vstack([F - mode * np.eye(len(F)), rows])
        _, sizes, vectors = np.linalg.svd(stacked)
        if sizes[-1] <= 1e-9 * max(sizes[0], 1.0):
            found.append((complex(mode), vectors[-1].conj()))
    return found


def _combination(vector: NDArray[np.complex128]) -> str:
    largest = vector[np.argmax(np.abs(vector))]
    weights = np.real(vector / largest)
    terms = [f"{weight:+.3g}·x[{i}]" for i, weight in enumerate(weights) if abs(weight) > 1e-6]
    return " ".join(terms)


def _matrices(
    model: Model, dt: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """F, Q, H and R of a linear model for steps of dt seconds."""
    require_linear(model, "a stationary filter")
    if model.rows:
        raise ModelError(
            f"{', '.join(model.rows)} change row by row, and a filter then never settles: expected constant matrices.",
            field="model", value=tuple(model.rows),
        )  # fmt: skip
    if takes_time(model):
        raise ModelError(
            "a function of the model names t, the time, and a filter then never settles: expected functions without t. "
            "Write the model for one time.",
            field="model", value="t",
        )  # fmt: skip
    for sensor in model.sensors:
        if sensor.controls:
            raise ModelError(
                f"{sensor.name} reads {', '.join(sensor.controls)}, which changes row by row, and a filter then never "
                "settles: expected sensors without controls. Write the model for one value of them.",
                field="model", value=sensor.controls,
            )  # fmt: skip
    if dt is None and not model.matrices:
        raise ModelError.expected(
            "dt", dt, "the seconds between rows", "Write fog.steady_state(model, dt=0.1)."
        )
    step = 1.0 if dt is None else dt
    if not is_number(step) or not 0.0 < step < np.inf:
        raise ModelError.expected("dt", dt, "a number of seconds above 0", "Write dt=0.1.")
    n, controls = len(model.state), len(model.controls)
    params = parameter_values(model)
    u, row, z = np.zeros((1, 1, controls)), np.zeros((1, 1, 0)), np.zeros((1, 1, len(model.components)))
    arrays = Arrays(np.full(1, float(step)), u, row, z, params, np.zeros((1, n)))
    mean = np.zeros((1, n)) if model.start is None else model.start.mean[None]
    found = linearised(model, arrays, mean)
    assert found is not None  # a linear model has no opaque function
    return _checked(found.F[0], found.Q[0], found.H[0], found.R[0])


def _checked(
    F: Any, Q: Any, H: Any, R: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    F_, H_ = checks.numbers(F, "F"), checks.numbers(H, "H")
    n, m = len(np.atleast_1d(F_)), 1 if H_.ndim < 2 else len(H_)
    F_, H_ = checks.filled(F_, (n, n)), checks.filled(H_[None, :] if H_.ndim == 1 else H_, (m, n))
    for name, array, size in (("F", F_, (n, n)), ("H", H_, (m, n))):
        if array.shape != size:
            raise ModelError(
                f"{name} has shape {array.shape}: expected {size} for {n} states and {m} measurements. "
                f"Write the whole matrix; nothing is broadcast.",
                field=name,
                value=array.shape,
            )
    return F_, noise_matrix(Q, n, "Q"), H_, noise_matrix(R, m, "R")
