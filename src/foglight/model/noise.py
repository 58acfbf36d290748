"""Process and measurement noise: covariances that are built in factored form.

Each process noise is a continuous noise model integrated exactly over a step dt. The result is its factor in closed
form, Q = G diag(v) Gᵀ with v >= 0: no square root, no cancellation, and a covariance by construction, however small or
large dt is. All functions accept floats and symbols.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.core.checks import filled
from foglight.core.errors import ModelError
from foglight.equations.gaussian import Factored
from foglight.model.returned import numbers_or_symbols
from foglight.model.special_functions import phis
from foglight.trace.ops import maximum, select


def factored(G: Any, variances: Any) -> Factored:
    """A covariance in factored form, Q = G diag(variances) Gᵀ: independent disturbances and their effect on the states.

    Parameters
    ----------
    G : array_like
        Effect of each disturbance, shape (n, r): column k is what a unit of disturbance k adds to the states. A number
        will do for one state and one disturbance.
    variances : array_like
        Variances of the disturbances, shape (r,), >= 0. A number will do for one.

    Returns
    -------
    Factored
        The covariance Q (n, n) in factored form.

    Raises
    ------
    ModelError
        Where the shapes do not fit.

    Examples
    --------
    >>> fog.noise.factored([[0.5], [1.0]], [4.0]).cov
    array([[1., 2.],
           [2., 4.]])
    """
    G = filled(numbers_or_symbols(G, "G"), (1, 1))
    variances = filled(numbers_or_symbols(variances, "variances"), (1,))
    if G.ndim != 2 or variances.ndim != 1 or G.shape[1] != len(variances):
        raise ModelError(
            f"factored noise: G has shape {G.shape} and variances {variances.shape}: expected (n, r) and (r,), "
            "one column of G for each variance.",
            field="G",
            value=G.shape,
        )
    return Factored(G, variances)


def independent(variances: Sequence[Any]) -> Factored:
    """Independent noise on each component: Q = diag(variances).

    Parameters
    ----------
    variances : array_like
        Variances of the components, shape (n,), >= 0. A number will do for one component.

    Returns
    -------
    Factored
        The covariance Q (n, n) in factored form.

    Raises
    ------
    ModelError
        For anything but a vector of numbers.

    Examples
    --------
    >>> fog.noise.independent([0.25, 4.0]).cov
    array([[0.25, 0.  ],
           [0.  , 4.  ]])
    """
    values = filled(numbers_or_symbols(variances, "variances"), (1,))
    if values.ndim != 1:
        raise ModelError(
            f"variances has shape {values.shape}: expected (n,), one per component. Write [0.25] for one.",
            field="variances",
            value=values.shape,
        )
    return factored(np.eye(len(values)), values)


def random_walk(dt: Any, psd: Any) -> Factored:
    """Random walk, x' = w with w white: the variance grows by psd dt.

    Parameters
    ----------
    dt : float
        Step (s).
    psd : float
        Power spectral density of w (unit²/s), >= 0.

    Returns
    -------
    Factored
        The covariance Q (1, 1) in factored form.

    Examples
    --------
    >>> fog.noise.random_walk(0.5, psd=4.0).cov
    array([[2.]])
    """
    return factored([[1.0]], [psd * dt])


def white_acceleration(dt: Any, psd: Any) -> Factored:
    """Noise of position and speed under white acceleration, integrated exactly over the step.

    Parameters
    ----------
    dt : float
        Step (s).
    psd : float
        Power spectral density of the acceleration (m²/s³), >= 0.

    Returns
    -------
    Factored
        The covariance Q (2, 2) in factored form.

    Notes
    -----
    Q = psd [[dt³/3, dt²/2], [dt²/2, dt]]: Bar-Shalom, Li & Kirubarajan 2001, eq. 6.2.2-12.

    Examples
    --------
    >>> fog.noise.white_acceleration(2.0, psd=3.0).cov
    array([[8., 6.],
           [6., 6.]])
    """
    return factored([[1.0, 0.5 * dt], [0.0, 1.0]], [psd * dt**3 * (1.0 / 12.0), psd * dt])


def white_jerk(dt: Any, psd: Any) -> Factored:
    """Noise of position, speed and acceleration under white jerk, integrated exactly over the step.

    Parameters
    ----------
    dt : float
        Step (s).
    psd : float
        Power spectral density of the jerk (m²/s⁵), >= 0.

    Returns
    -------
    Factored
        The covariance Q (3, 3) in factored form.

    Notes
    -----
    Q = psd [[dt⁵/20, dt⁴/8, dt³/6], [·, dt³/3, dt²/2], [·, ·, dt]]: Bar-Shalom, Li & Kirubarajan 2001,
    §6.2.3, here as U D Uᵀ.

    Examples
    --------
    >>> fog.noise.white_jerk(1.0, psd=720.0).variances
    array([  1.,  60., 720.])
    """
    G = [[1.0, 0.5 * dt, dt**2 * (1.0 / 6.0)], [0.0, 1.0, 0.5 * dt], [0.0, 0.0, 1.0]]
    return factored(G, [psd * dt**5 * (1.0 / 720.0), psd * dt**3 * (1.0 / 12.0), psd * dt])


def piecewise_acceleration(dt: Any, var: Any) -> Factored:
    """Noise of position and speed under a random acceleration that is constant within each step.

    Two half steps do not add up to one step here: for steps of changing length prefer `white_acceleration`.

    Parameters
    ----------
    dt : float
        Step (s).
    var : float
        Variance of the acceleration (m²/s⁴), >= 0.

    Returns
    -------
    Factored
        The covariance Q (2, 2) in factored form, of rank one.

    Notes
    -----
    Q = var [[dt⁴/4, dt³/2], [dt³/2, dt²]]: Bar-Shalom, Li & Kirubarajan 2001, eq. 6.3.2-4.

    Examples
    --------
    >>> fog.noise.piecewise_acceleration(2.0, var=1.0).cov
    array([[4., 4.],
           [4., 4.]])
    """
    return factored([[0.5 * dt * dt], [dt]], [var])


def ornstein_uhlenbeck(dt: Any, tau: Any, std: Any) -> Factored:
    """Ornstein-Uhlenbeck noise, x' = -x/tau + w with w white: it decorrelates within tau and has a constant spread.

    Parameters
    ----------
    dt, tau : float
        Step and time constant (s), tau > 0.
    std : float
        Stationary standard deviation, in the unit of x.

    Returns
    -------
    Factored
        The covariance Q (1, 1) in factored form.

    Notes
    -----
    Q = std² (1 - exp(-2 dt/tau)): Uhlenbeck & Ornstein 1930.

    Examples
    --------
    >>> fog.noise.ornstein_uhlenbeck(1e9, tau=2.0, std=3.0).cov
    array([[9.]])
    """
    return factored([[1.0]], [-std * std * np.expm1(-2.0 * dt * (1.0 / tau))])


def sway(dt: Any, tau: Any, std: Any) -> Factored:
    """Noise of position and speed of x'' = -x/tau² - 2 x'/tau + w: a smooth wandering about 0.

    Parameters
    ----------
    dt, tau : float
        Step and time constant (s), tau > 0.
    std : float
        Stationary standard deviation of the position, in the unit of x; that of the speed is std/tau.

    Returns
    -------
    Factored
        The covariance Q (2, 2) in factored form.

    Notes
    -----
    The stationary process is the Matérn process of smoothness 3/2 (Särkkä & Solin 2019, §12.3), and over a step
    Q = P∞ - F P∞ Fᵀ. With z = 2 dt/tau: Q_vv = (std/tau)² (1 - e^-z + e^-z z (1 - z/2)),
    Q_xv = (std²/tau) e^-z z²/2, Q_xx = std² (1 - e^-z (1 + z + z²/2)).

    Examples
    --------
    >>> fog.noise.sway(1e3, tau=2.0, std=3.0).cov
    array([[9.  , 0.  ],
           [0.  , 2.25]])
    """
    rate = 1.0 / tau
    z = 2.0 * dt * rate
    e, p1, p2, p3 = phis(z, 3)
    w = p1 + e * (1.0 - 0.5 * z)  # Q_vv = (std/tau)² z w
    share = 0.5 / w
    near = z**3 * (0.5 * (p1 - e * e * share) - p2 + p3)
    far = 1.0 - e * (1.0 + z + 0.5 * z * z) - 0.5 * z * (z * e) ** 2 * share
    variances = [std * std * select(z < 1.0, near, far), (std * rate) ** 2 * (z * w)]
    return factored([[1.0, tau * (z * e) * share], [0.0, 1.0]], variances)


def singer(dt: Any, tau: Any, std: Any) -> Factored:
    """Noise of position, speed and an acceleration that decorrelates within tau and has a constant spread.

    Parameters
    ----------
    dt, tau : float
        Step and time constant of the acceleration (s), tau > 0.
    std : float
        Stationary standard deviation of the acceleration (m/s²).

    Returns
    -------
    Factored
        The covariance Q (3, 3) in factored form; not singular for dt > 0.

    Notes
    -----
    a' = -a/tau + w with w of density 2 std²/tau: Singer 1970; Li & Jilkov 2003, §IV-A. With t = dt/tau the responses of
    a, v, x to a disturbance of age u are φ0, u φ1, u² φ2 of -u/tau (see `special_functions.phis`), and Q holds the
    integrals of their products. For t < 1 these are sums of φ that do not cancel; for t >= 1 they are written in
    powers of 1/t. Accurate from dt/tau = 1e-18 to 1e15.

    Examples
    --------
    >>> fog.noise.singer(0.5, tau=20.0, std=1.0).G.shape
    (3, 3)
    """
    t = dt * (1.0 / tau)
    e, p1, p2, p3, p4, p5 = phis(t, 5)
    near = t < 1.0
    r = 1.0 / maximum(t, 1.0)
    aa = 0.5 * p1 * (1.0 + e)
    va = p1 / (1.0 + e)  # Q_va / Q_aa
    xa = select(near, p3 - 0.5 * t * p2 * p2, r**3 * (0.5 * (1.0 - e * e) - t * e))
    vv = select(near, p2 - p3 - 0.5 * t * p2 * p2, r * r * (1.0 + r * (2.0 * e - 1.5 - 0.5 * e * e)))
    xx = select(
        near,
        0.5 * p3 + p5 - p4 - 0.5 * t * p3 * p3,
        r * r * (1.0 / 3.0 + r * (-1.0 + r * (1.0 - 2.0 * e + 0.5 * r * (1.0 - e * e)))),
    )
    d_v = vv - 0.5 * p1 * p1 * va
    xv = (0.5 * p2 * p2 - xa * va) / d_v
    share = xa / aa
    d_x = xx - xa * share - d_v * xv * xv
    q = 2.0 * std * std * t
    G = [[1.0, dt * xv, dt * dt * share], [0.0, 1.0, dt * va], [0.0, 0.0, 1.0]]
    return factored(G, [q * dt**4 * d_x, q * dt**2 * d_v, q * aa])


def stack(*parts: Factored) -> Factored:
    """Independent noises on consecutive groups of states: a block-diagonal covariance.

    Parameters
    ----------
    *parts : Factored
        The blocks, in order.

    Returns
    -------
    Factored
        The block-diagonal covariance in factored form.

    Raises
    ------
    ModelError
        For a part that is not in factored form.

    Examples
    --------
    >>> fog.noise.stack(fog.noise.white_acceleration(1.0, 6.0), fog.noise.random_walk(1.0, 4.0)).cov
    array([[2., 3., 0.],
           [3., 6., 0.],
           [0., 0., 4.]])
    """
    for index, part in enumerate(parts):
        if not isinstance(part, Factored):
            raise ModelError(
                f"part {index} = {part!r}: expected factored noise. Write noise.factored(G, variances) or "
                "noise.independent([...]).",
                field="parts",
                index=index,
                value=part,
            )
    sizes = [part.G.shape for part in parts]
    G = np.full((sum(n for n, _ in sizes), sum(r for _, r in sizes)), 0.0, dtype=object)
    row = column = 0
    for part, (n, r) in zip(parts, sizes, strict=True):
        G[row : row + n, column : column + r] = part.G
        row, column = row + n, column + r
    variances = [v for part in parts for v in part.variances]
    return factored(G.tolist(), variances)


def interleave(*axes: Factored) -> Factored:
    """Independent noises of equal size on several axes: all positions, then all speeds, then all accelerations.

    Parameters
    ----------
    *axes : Factored
        The noise on each axis, in the order position, speed, acceleration.

    Returns
    -------
    Factored
        The covariance in factored form, its states in the order of the ready-made motions.

    Examples
    --------
    >>> fog.noise.interleave(fog.noise.white_acceleration(1.0, 6.0), fog.noise.white_acceleration(1.0, 12.0)).cov
    array([[ 2.,  0.,  3.,  0.],
           [ 0.,  4.,  0.,  6.],
           [ 3.,  0.,  6.,  0.],
           [ 0.,  6.,  0., 12.]])
    """
    whole = stack(*axes)
    order = np.arange(len(whole.G)).reshape(len(axes), -1).T.ravel()
    return Factored(whole.G[order], whole.variances)
