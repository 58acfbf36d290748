"""`fog.vector_autoregression`: several series, each explained by the past of all of them.

    z_k = μ + y_k,    y_k = A_1 y_k-1 + … + A_p y_k-p + η_k,    η ~ N(0, G diag(σ²) Gᵀ)

Lütkepohl 2005, ch. 2. G is unit lower triangular: what a series has in common with those before it at the same time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Array, Floats
from foglight.equations import ud
from foglight.model import noise
from foglight.model.covariance import factor_covariance
from foglight.model.model import MOTION, Model, Motion, Sensor
from foglight.model.parameters import Param
from foglight.model.parametric_start import ParametricStart
from foglight.model.series import companion
from foglight.model.series.choices import choice, count

__ready_made__ = True  # what its functions compute is a matter of this package's own tests


def vector_autoregression(
    series: Sequence[str],
    order: int,
    *,
    trend: str | None = None,
    coefficients: Any = None,
    cov: Any = None,
    name: str = "series",
) -> Model:
    """Several series, each explained by the last values of all of them: a stationary vector autoregression, VAR(p).

    The likelihood is exact: the first values have the stationary distribution. The log has one row for each period;
    each value may be missing on its own, as NaN.

    Parameters
    ----------
    series : sequence of str
        Names of the m series: of the columns of the log, and of the states.
    order : int
        p, the number of lags, >= 1.
    trend : {None, "constant"}, default None
        Whether the series have means, parameters such as `prices_mean`; else they are around 0.
    coefficients : array_like (p, m, m), optional
        A_1 … A_p; 0 by default. `fog.tune` finds them.
    cov : array_like (m, m), optional
        Covariance of the noise η; independent, of variance 1, by default.
    name : str, default "series"
        Name of the sensor that measures all of them.

    Returns
    -------
    Model
        A linear model. Its parameters are, besides the means, the σ of each series, such as `prices_std`; G, such as
        `prices_on_output_0`; and numbers without bounds, such as `partial_1_prices_output`, which make the coefficients
        in such a way that the model is stationary for all their values. `model.coefficients` has the coefficients, such
        as `prices_on_output_1`, and the covariance of η, such as `cov_prices_output`.

    Raises
    ------
    ModelError
        For an order that is not a whole number >= 1, coefficients that are not stationary, and a cov that is not
        positive definite.

    Notes
    -----
    Ansley & Kohn 1986 for the smooth map; Lütkepohl 2005, §2.1 and §3.4.

    Examples
    --------
    >>> model = fog.vector_autoregression(["output", "prices"], 1, coefficients=[[[0.5, 0.1], [0.0, 0.4]]])
    >>> model.state, round(model.coefficients["output_on_prices_1"], 2)
    (('output', 'prices'), 0.1)
    """
    series = checks.names(series, "series")
    order, m = count(order, "order", "order=1"), len(series)
    choice(trend, "trend", (None, "constant"))
    params = _params(series, order, coefficients, cov)
    state = lagged(series, order)

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        A = np.hstack(process_of(series, order, p).coefficients)
        return [*[sum(a * v for a, v in zip(row, x, strict=True)) for row in A], *x[: m * (order - 1)]]

    def process_noise(x: Any, dt: Any, p: Any) -> Any:
        G, stds = common(series, p)
        effect = np.full((len(state), m), 0.0, dtype=object)
        effect[:m] = G
        return noise.factored(effect, [std * std for std in stds])

    def factor(values: Mapping[str, Any]) -> tuple[Array, Array]:
        own = {name: values[f"{MOTION}.{name}"] for name in params}
        root = companion.window(process_of(series, order, own), order)
        return ud.combine(root, np.full(len(root), 1.0, dtype=object))

    start = ParametricStart(
        tuple(f"{MOTION}.{name}" for name in params), state, factor, unknown=np.zeros((len(state), 0))
    )
    return Model(
        Motion(state, dynamics, process_noise, params),
        [_sensor(name, series, trend is not None)],
        start=None,
        parametric_start=start,
        derived=lambda values: _derived(series, order, values),
    )


def lagged(names: Sequence[str], lags: int) -> tuple[str, ...]:
    """The names of values and of those in the rows before, newest first: a, b, a_1, b_1, …"""
    return tuple(f"{name}_{k}" if k else name for k in range(lags) for name in names)


def common(series: Sequence[str], p: Any) -> tuple[Array, list[Any]]:
    """G (m, m), what the noises of the series have in common, and σ (m,)."""
    G = np.eye(len(series), dtype=object)
    for i, one in enumerate(series):
        for j, other in enumerate(series[:i]):
            G[i, j] = p[f"{one}_on_{other}_0"]
    return G, [p[f"{one}_std"] for one in series]


def process_of(series: Sequence[str], order: int, p: Any) -> companion.Autoregression:
    """The autoregression with these parameters, symbols or floats by name."""
    G, stds = common(series, p)
    sigma = np.array(stds, dtype=object)
    inverse = companion.inverse_of(G) * np.array([[1.0 / std] for std in stds], dtype=object)
    moves = [
        np.array([[p[n] for n in row] for row in names], dtype=object) for names in moves_names(series, order)
    ]
    return companion.autoregression(moves, G * sigma, inverse)


def moves_names(series: Sequence[str], order: int) -> list[list[list[str]]]:
    """The names of the parameters W_1 … W_p, row by row."""
    return [
        [[f"partial_{k}_{one}_{other}" for other in series] for one in series] for k in range(1, order + 1)
    ]


def _params(series: Sequence[str], order: int, coefficients: Any, cov: Any) -> dict[str, Param]:
    m = len(series)
    Q = np.eye(m) if cov is None else _shaped(cov, (m, m), "cov")
    factor_covariance(Q, "cov")
    try:
        L = np.linalg.cholesky(Q)
    except np.linalg.LinAlgError as reason:
        raise ModelError(
            "cov is singular: expected a positive definite covariance, since otherwise one series follows from the "
            "others. Leave that series out.",
            field="cov", value=cov,
        ) from reason  # fmt: skip
    A = (
        np.zeros((order, m, m))
        if coefficients is None
        else _shaped(coefficients, (order, m, m), "coefficients")
    )
    moves = companion.moves_of(list(A), Q)
    if moves is None:
        raise ModelError(
            "coefficients: the vector autoregression is not stationary: expected all eigenvalues of its companion "
            "matrix inside the unit circle. Model the differences of the series, or move the coefficients towards 0.",
            field="coefficients", value=coefficients,
        )  # fmt: skip
    std = L.diagonal()
    params = {f"{one}_std": Param(float(value), 0.0) for one, value in zip(series, std, strict=True)}
    for i, one in enumerate(series):
        params |= {
            f"{one}_on_{other}_0": Param(float(L[i, j] / std[j])) for j, other in enumerate(series[:i])
        }
    for names, W in zip(moves_names(series, order), moves, strict=True):
        params |= {
            name: Param(float(value)) for name, value in zip(np.ravel(names).tolist(), W.ravel(), strict=True)
        }
    return params


def _shaped(value: Any, shape: tuple[int, ...], field: str) -> Floats:
    array = checks.numbers(value, field)
    if array.shape != shape:
        raise ModelError(
            f"{field} has shape {array.shape}: expected {shape}. Give one number for each pair of series"
            f"{' and lag' if len(shape) == 3 else ''}.",
            field=field, value=array.shape,
        )  # fmt: skip
    return array.astype(float)


def _sensor(name: str, series: tuple[str, ...], means: bool) -> Sensor:
    def measure(x: Any, p: Any) -> list[Any]:
        return [x[one] + p[f"{one}_mean"] if means else x[one] for one in series]

    return Sensor(
        name,
        series,
        measure,
        lambda x, p: noise.independent([0.0] * len(series)),
        params={f"{one}_mean": Param(0.0) for one in series} if means else {},
    )


def _derived(series: Sequence[str], order: int, values: Mapping[str, float]) -> dict[str, float]:
    own = {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{MOTION}.")}
    found = {
        f"{one}_on_{other}_{k}": float(A[i, j])
        for k, A in enumerate(process_of(series, order, own).coefficients, 1)
        for i, one in enumerate(series)
        for j, other in enumerate(series)
    }
    G, stds = common(series, own)
    Q = (G * np.square(stds)) @ G.T
    for i, one in enumerate(series):
        found |= {f"cov_{one}_{other}": float(Q[i, j]) for j, other in enumerate(series[: i + 1])}
    return found
