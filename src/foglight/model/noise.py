"""Process and measurement noise: covariances that are factored from birth.

Each function integrates a continuous noise model exactly over a step dt and returns the factor of the
result, Q = G diag(v) Gᵀ with v >= 0, in closed form: no square root, no subtraction that cancels, and a
covariance by construction, however small or large dt is. All of them run on floats and on symbols.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import ModelError
from foglight.equations.gaussian import Factored
from foglight.model.special_functions import phis
from foglight.trace.ops import maximum, select


def factored(G: Any, variances: Any) -> Factored:
    """Q = G diag(variances) Gᵀ: how independent disturbances reach the states.

    G (n, r): column k says what disturbance k does to each state.  variances (r,): of each, >= 0.
    Raises ModelError where the shapes do not fit.

    >>> factored([[0.5], [1.0]], [4.0]).cov
    array([[1., 2.],
           [2., 4.]])
    """
    G, variances = _array(G, "G"), _array(variances, "variances")
    if G.ndim != 2 or variances.ndim != 1 or G.shape[1] != len(variances):
        raise ModelError(
            f"factored noise: G has shape {G.shape} and variances {variances.shape}: expected (n, r) and (r,), "
            "one column of G for each variance.",
            field="G",
            value=G.shape,
        )
    return Factored(G, variances)


def independent(variances: Sequence[Any]) -> Factored:
    """Unrelated noise on each component: Q = diag(variances).

    >>> independent([0.25, 4.0]).cov
    array([[0.25, 0.  ],
           [0.  , 4.  ]])
    """
    values = _array(variances, "variances")
    if values.ndim != 1:
        raise ModelError(
            f"variances has shape {values.shape}: expected (n,), one a component. Write [0.25] for one.",
            field="variances",
            value=values.shape,
        )
    return factored(np.eye(len(values)), values)


def random_walk(dt: Any, psd: Any) -> Factored:
    """x' = w, w white with density psd (unit² / s): the variance grows by psd dt."""
    return factored([[1.0]], [psd * dt])


def white_acceleration(dt: Any, psd: Any) -> Factored:
    """Position and speed under white acceleration of density psd (m²/s³), exactly integrated over dt (s).

    Q = psd [[dt³/3, dt²/2], [dt²/2, dt]]: Bar-Shalom, Li & Kirubarajan 2001, eq. 6.2.2-12.

    >>> white_acceleration(2.0, psd=3.0).cov
    array([[8., 6.],
           [6., 6.]])
    """
    return factored([[1.0, 0.5 * dt], [0.0, 1.0]], [psd * dt**3 * (1.0 / 12.0), psd * dt])


def white_jerk(dt: Any, psd: Any) -> Factored:
    """Position, speed and acceleration under white jerk of density psd (m²/s⁵), exactly integrated over dt.

    Q = psd [[dt⁵/20, dt⁴/8, dt³/6], [·, dt³/3, dt²/2], [·, ·, dt]]: Bar-Shalom, Li & Kirubarajan 2001,
    §6.2.3, here as U D Uᵀ.

    >>> white_jerk(1.0, psd=720.0).variances
    array([  1.,  60., 720.])
    """
    G = [[1.0, 0.5 * dt, dt**2 * (1.0 / 6.0)], [0.0, 1.0, 0.5 * dt], [0.0, 0.0, 1.0]]
    return factored(G, [psd * dt**5 * (1.0 / 720.0), psd * dt**3 * (1.0 / 12.0), psd * dt])


def piecewise_acceleration(dt: Any, var: Any) -> Factored:
    """Position and speed under an acceleration of variance var (m²/s⁴) that is constant within each step.

    Q = var [[dt⁴/4, dt³/2], [dt³/2, dt²]], of rank one: Bar-Shalom, Li & Kirubarajan 2001, eq. 6.3.2-4.
    Two half-steps are not one step here: with steps of changing length prefer `white_acceleration`.

    >>> piecewise_acceleration(2.0, var=1.0).cov
    array([[4., 4.],
           [4., 4.]])
    """
    return factored([[0.5 * dt * dt], [dt]], [var])


def ornstein_uhlenbeck(dt: Any, tau: Any, std: Any) -> Factored:
    """x' = -x/tau + w: noise that forgets itself in tau seconds and keeps the spread std for ever.

    Q = std² (1 - exp(-2 dt/tau)): Uhlenbeck & Ornstein 1930.  tau > 0 (s), std in the unit of x.

    >>> round(float(ornstein_uhlenbeck(1e9, tau=2.0, std=3.0).cov[0, 0]), 6)
    9.0
    """
    return factored([[1.0]], [-std * std * np.expm1(-2.0 * dt * (1.0 / tau))])


def sway(dt: Any, tau: Any, std: Any) -> Factored:
    """Position and speed of x'' = -x/tau² - 2 x'/tau + w: a smooth wandering about 0 with spread std.

    The stationary process is the Matérn one of smoothness 3/2 (Särkkä & Solin 2019, §12.3), with standard
    deviations std and std/tau; over a step Q = P∞ - F P∞ Fᵀ. With z = 2 dt/tau:
    Q_vv = (std/tau)² (1 - e^-z + e^-z z (1 - z/2)),  Q_xv = (std²/tau) e^-z z²/2,
    Q_xx = std² (1 - e^-z (1 + z + z²/2)).  tau > 0 (s), std in the unit of x.
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
    """Position, speed and an acceleration that forgets itself in tau seconds and keeps the spread std (m/s²).

    a' = -a/tau + w with density 2 std²/tau: Singer 1970; Li & Jilkov 2003, §IV-A. With t = dt/tau the step
    responses of a, v, x to a disturbance of age u are φ0, u φ1, u² φ2 of -u/tau (see `phis`), and Q holds the
    integrals of their products. For t < 1 those are sums of φ that do not cancel; for t >= 1 they are written
    in powers of 1/t. Never singular for dt > 0, and right from dt/tau = 1e-18 to 1e15.
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
    """Independent noises on consecutive states: the block-diagonal covariance of `parts`, in order.

    >>> stack(white_acceleration(1.0, 6.0), random_walk(1.0, 4.0)).cov
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
    """Independent noises of equal size on several axes, ordered as the ready-made motions order their states:
    all positions, then all speeds, then all accelerations.

    >>> interleave(white_acceleration(1.0, 6.0), white_acceleration(1.0, 12.0)).cov
    array([[ 2.,  0.,  3.,  0.],
           [ 0.,  4.,  0.,  6.],
           [ 3.,  0.,  6.,  0.],
           [ 0.,  6.,  0., 12.]])
    """
    whole = stack(*axes)
    order = np.arange(len(whole.G)).reshape(len(axes), -1).T.ravel()
    return Factored(whole.G[order], whole.variances)


def _array(values: Any, field: str) -> NDArray[Any]:
    """An array of floats, or of objects where symbols are among the values."""
    try:
        array = np.array(values)
        return array if array.dtype == object else array.astype(float)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"factored noise: {field} = {values!r}: expected numbers, in rows of equal length.",
            field=field,
            value=values,
        ) from error
