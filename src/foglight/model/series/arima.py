"""`fog.arima`: seasonal ARIMA models with regression, exact.

    z_k = β·u_k + μ + ν k + y_k,    φ(B) Φ(Bˢ) (1 - B)ᵈ (1 - Bˢ)ᴰ y_k = θ(B) Θ(Bˢ) ε_k,    ε ~ N(0, σ²)

The state holds a, the stationary autoregression φ(B) Φ(Bˢ) a_k = ε_k, and y, the sum of its moving averages:

    a_k = φ_1 a_k-1 + φ_2 a_k-2 + … + ε_k
    y_k = δ_1 y_k-1 + δ_2 y_k-2 + … + a_k + θ_1 a_k-1 + θ_2 a_k-2 + …

In the first row a has its stationary distribution, and the values of y that the differences take are unknown. A reading
is y itself, without noise. Durbin & Koopman 2012, §3.4 and §5.6.3, with the moving average in y, so that a needs the
start of an autoregression only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from foglight.core.types import Array
from foglight.equations import ud
from foglight.model import noise
from foglight.model.box_cox import BoxCox, scale_of
from foglight.model.model import MOTION, Model, Motion, Sensor
from foglight.model.parameters import Param, param
from foglight.model.parametric_start import ParametricStart
from foglight.model.part_arguments import at_least_zero
from foglight.model.series import stationary
from foglight.model.series.arima_orders import (
    AR,
    MA,
    SEASONAL_AR,
    SEASONAL_MA,
    Orders,
    orders_of,
    partials_of,
)
from foglight.model.series.regressors import slopes_of, trends_of
from foglight.trace.ops import product

__ready_made__ = True  # what its functions compute is a matter of this package's own tests


def arima(
    order: Sequence[int],
    seasonal: Sequence[int] | None = None,
    *,
    regression: Sequence[str] | Mapping[str, float | Param] = (),
    trend: str | None = None,
    ar: Sequence[float] | None = None,
    ma: Sequence[float] | None = None,
    seasonal_ar: Sequence[float] | None = None,
    seasonal_ma: Sequence[float] | None = None,
    std: float | Param = 1.0,
    series: str = "series",
    log: bool = False,
    boxcox: float | None = None,
) -> Model:
    """A seasonal ARIMA model with regression: z = β·u + trend + y, φ(B) Φ(Bˢ) (1 - B)ᵈ (1 - Bˢ)ᴰ y = θ(B) Θ(Bˢ) ε.

    The likelihood is exact: the autoregression starts at its stationary distribution, the differences from nothing
    known. The log has one row for each period; a missing value is NaN. The signs are those of φ(B) = 1 - φ_1 B - … and
    θ(B) = 1 + θ_1 B + ….

    Parameters
    ----------
    order : tuple of int
        (p, d, q): the orders of autoregression, difference and moving average, each >= 0.
    seasonal : tuple of int, optional
        (P, D, Q, s): the same orders for whole seasons, and the number s >= 2 of rows in a season.
    regression : tuple of str or dict, default ()
        Names of inputs that the log has as controls, or {name: coefficient β}. Each is a parameter.
    trend : {None, "constant", "linear"}, default None
        A mean μ, or a mean and a slope ν per row, of the series itself: parameters `mean` and `slope`. A difference
        removes the mean, so that "linear" is then the slope alone.
    ar, ma, seasonal_ar, seasonal_ma : sequence of float, optional
        Coefficients φ (p,), θ (q,), Φ (P,), Θ (Q,); 0 by default. `fog.tune` finds them.
    std : float or Param, default 1.0
        σ, the standard deviation of ε, in the unit of the series.
    series : str, default "series"
        Name of the sensor: the column of the log.
    log, boxcox : optional
        As in `fog.structural`: the model is of log z, or of (z**boxcox - 1) / boxcox, and its likelihood that of z.

    Returns
    -------
    Model
        A linear model. For each coefficient it has a partial autocorrelation as a parameter, such as
        `ar_partial_1` in [-1, 1], so that it is stationary and invertible for all values of its parameters.
        `model.coefficients` has the coefficients, and `fit.coefficients` their estimates and standard errors.

    Raises
    ------
    ModelError
        For an order that is not a whole number >= 0, a season of less than 2 rows, coefficients that are not stationary
        or not invertible, and a trend that the differences remove.

    Notes
    -----
    Box, Jenkins & Reinsel 1994, ch. 9; the smooth map Monahan 1984; a start that is partly unknown Durbin & Koopman
    2012, §5.6.3. What the first d + sD readings add to the log-likelihood is a convention: see docs/how-to/arima.md.

    Examples
    --------
    >>> airline = fog.arima((0, 1, 1), (0, 1, 1, 12), ma=[-0.4], seasonal_ma=[-0.6])
    >>> {name: round(value, 2) for name, value in airline.coefficients.items()}
    {'ma_1': -0.4, 'seasonal_ma_1': -0.6}
    """
    orders = orders_of(order, seasonal)
    params = {"std": at_least_zero(std, "std")}
    given = {AR: ar, MA: ma, SEASONAL_AR: seasonal_ar, SEASONAL_MA: seasonal_ma}
    for kind, values in given.items():
        most = 1.0 if kind in (MA, SEASONAL_MA) else stationary.LARGEST
        found = partials_of(values, orders, kind)
        params |= {name: param(r, -most, most) for name, r in zip(orders.partials(kind), found, strict=True)}
    slopes = slopes_of(regression)
    trends = trends_of(trend, orders, slopes)
    state = (*orders.state, *["row"] * ("slope" in trends))
    n = len(state)
    start = ParametricStart(
        names=tuple(f"{MOTION}.{name}" for name in params),
        state=state,
        factor=lambda values: _start(orders, n, {name: values[f"{MOTION}.{name}"] for name in params}),
        unknown=np.eye(n)[:, : len(orders.differences)],
    )
    return Model(
        Motion(state, _dynamics(orders), _noise(orders, n), params),
        [_sensor(series, state[0], slopes, trends, scale_of(log, boxcox))],
        start=None,
        parametric_start=start,
        seasons={"season": orders.s} if orders.P or orders.D or orders.Q else {},
        derived=lambda values: coefficients(orders, values),
    )


def coefficients(orders: Orders, values: Mapping[str, float]) -> dict[str, float]:
    """The coefficients by name, such as ar_1, from {full name: value} of the parameters."""
    own = {name.partition(".")[2]: value for name, value in values.items()}
    return {
        f"{kind}_{k}": float(value)
        for kind in orders.counts
        for k, value in enumerate(orders.coefficients(kind, own), 1)
    }


def _dynamics(orders: Orders) -> Callable[[Any, Any, Any], list[Any]]:
    own, size, delta = len(orders.sums), len(orders.state), orders.differences

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        phi, theta = orders.polynomials(p)
        y, a = x[:own], x[own:size]
        new = _sum(phi, a)
        summed = [new + _sum(theta, a) + _sum(delta, y), *y[: own - 1]] if own else []
        return [*summed, *[new, *a[:-1]][: len(a)], *[row + 1.0 for row in x[size:]]]

    return dynamics


def _noise(orders: Orders, n: int) -> Callable[[Any, Any, Any], Any]:
    effect = np.zeros((n, 1))
    effect[0] = 1.0
    if orders.lags:
        effect[len(orders.sums)] = 1.0
    return lambda x, dt, p: noise.factored(effect, [p.std * p.std])


def _start(orders: Orders, n: int, p: Mapping[str, Any]) -> tuple[Array, Array]:
    """U and D of what is known in the first row: of a its stationary distribution; of y, without differences, that of
    its moving average. p: symbols or floats by name."""
    phi, theta = orders.polynomials(p)
    own, lags = len(orders.sums), orders.lags
    U, D = np.eye(n, dtype=object), np.full(n, 0.0, dtype=object)
    if own and not orders.differences:
        past = max(lags, len(theta) + 1)
        joint = np.full((1 + lags, past), 0.0, dtype=object)  # y and a from the last values of a
        joint[0, : 1 + len(theta)] = [1.0, *theta]
        joint[1:, :lags] = np.eye(lags)
        inner, variances = stationary.window(phi, past)
        U[: 1 + lags, : 1 + lags], D[: 1 + lags] = ud.combine(product(joint, inner), variances)
    elif lags:
        at = slice(own, own + lags)
        U[at, at], D[at] = stationary.window(phi, lags)
    return U, p["std"] * p["std"] * D


def _sensor(
    series: str, of: str, slopes: Mapping[str, Param], trends: Mapping[str, Param], scale: BoxCox | None
) -> Sensor:
    def measure(x: Any, p: Any, u: Any = None) -> list[Any]:
        terms = [p[name] * u[name] for name in slopes]
        if "mean" in trends:
            terms.append(p.mean)
        if "slope" in trends:
            terms.append(p.slope * x.row)
        return [sum(terms, start=x[of])]

    return Sensor(
        series,
        ("value",),
        measure,
        lambda x, p: [[0.0]],
        params={**slopes, **trends},
        controls=tuple(slopes),
        transform=scale,
    )


def _sum(weights: Sequence[Any], values: Sequence[Any]) -> Any:
    """Σ w_i v_i over the weights, of which there may be fewer."""
    return sum((w * v for w, v in zip(weights, values, strict=False)), start=0.0)
