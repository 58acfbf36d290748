"""`fog.vector_autoregression`: several series, each explained by the past of all of them.

    z_k = μ + y_k,    y_k = A_1 y_k-1 + … + A_p y_k-p + η_k + M_1 η_k-1 + … + M_q η_k-q,    η ~ N(0, G diag(σ²) Gᵀ)

Lütkepohl 2005, ch. 2 and 11. G is unit lower triangular: what a series has in common with those before it at the same
time.
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
from foglight.model.series import companion, vector_moving_average
from foglight.model.series.choices import choice, count

__ready_made__ = True  # what its functions compute is a matter of this package's own tests

MA = "ma_partial"  # of the parameters that make the moving average


def vector_autoregression(
    series: Sequence[str],
    order: int,
    *,
    moving_average: int = 0,
    trend: str | None = None,
    coefficients: Any = None,
    ma: Any = None,
    cov: Any = None,
    name: str = "series",
) -> Model:
    """Several series, each explained by the last values of all of them: a stationary vector autoregression, VAR(p),
    or with their last noises VARMA(p, q).

    The likelihood is exact: the first values have the stationary distribution. The log has one row for each period;
    each value may be missing on its own, as NaN.

    Parameters
    ----------
    series : sequence of str
        Names of the m series: of the columns of the log, and of the states.
    order : int
        p, the number of lags, >= 1; >= 0 with a moving average.
    moving_average : int, default 0
        q, the number of lags of the noise η that still act.
    trend : {None, "constant"}, default None
        Whether the series have means, parameters such as `prices_mean`; else they are around 0.
    coefficients : array_like (p, m, m), optional
        A_1 … A_p; 0 by default. `fog.tune` finds them.
    ma : array_like (q, m, m), optional
        M_1 … M_q; 0 by default.
    cov : array_like (m, m), optional
        Covariance of the noise η; independent, of variance 1, by default.
    name : str, default "series"
        Name of the sensor that measures all of them.

    Returns
    -------
    Model
        A linear model. Its parameters are, besides the means, the σ of each series, such as `prices_std`; G, such as
        `prices_on_output_0`; and numbers without bounds, such as `partial_1_prices_output`, and those of the moving
        average, `ma_partial_1_prices_output`, which make the coefficients in such a way that the model is stationary
        and invertible for all their values. `model.coefficients` has the coefficients, such as `prices_on_output_1` and
        `prices_on_output_noise_1`, and the covariance of η, such as `cov_prices_output`.

    Raises
    ------
    ModelError
        For an invalid order, coefficients that are not stationary or not invertible, and a cov that is not positive
        definite.

    Notes
    -----
    Ansley & Kohn 1986 for the smooth map; Lütkepohl 2005, §2.1, §3.4 and §11.3. The coefficients of a VARMA model are
    not unique in general: where A and M have a factor in common, as without any, nothing but their product is known.

    Examples
    --------
    >>> model = fog.vector_autoregression(["output", "prices"], 1, coefficients=[[[0.5, 0.1], [0.0, 0.4]]])
    >>> model.state, round(model.coefficients["output_on_prices_1"], 2)
    (('output', 'prices'), 0.1)
    """
    series = checks.names(series, "series")
    q = count(moving_average, "moving_average", "moving_average=1", least=0)
    order, m = count(order, "order", "order=1", least=0 if q else 1), len(series)
    choice(trend, "trend", (None, "constant"))
    params = _params(series, coefficients, ma, cov, (order, q))
    lags = max(order, 1)
    own = m * lags  # states that are values of the series; the others are noises
    state = (*lagged(series, lags), *lagged([f"{one}_noise" for one in series], q))

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        A, M = coefficients_of(series, (order, q), p)
        past = [*x[: m * order], *x[own:]]
        new = [sum(a * v for a, v in zip(row, past, strict=True)) for row in np.hstack([*A, *M])]
        return [*new, *x[: own - m], *[0.0] * m * (q > 0), *x[own : len(state) - m]]

    def process_noise(x: Any, dt: Any, p: Any) -> Any:
        G, stds = common(series, p)
        effect = np.full((len(state), m), 0.0, dtype=object)
        effect[:m] = G
        if q:
            effect[own : own + m] = G
        return noise.factored(effect, [std * std for std in stds])

    def factor(values: Mapping[str, Any]) -> tuple[Array, Array]:
        p = {name: values[f"{MOTION}.{name}"] for name in params}
        if q:
            A, M = coefficients_of(series, (order, q), p)
            G, stds = common(series, p)
            return vector_moving_average.first_row(A, M, G * np.array(stds, dtype=object), lags)
        root = companion.window(process_of(series, order, p), order)
        return ud.combine(root, np.full(len(root), 1.0, dtype=object))

    start = ParametricStart(
        tuple(f"{MOTION}.{name}" for name in params), state, factor, unknown=np.zeros((len(state), 0))
    )
    return Model(
        Motion(state, dynamics, process_noise, params),
        [_sensor(name, series, trend is not None)],
        start=None,
        parametric_start=start,
        derived=lambda values: _derived(series, (order, q), values),
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


def coefficients_of(
    series: Sequence[str], orders: tuple[int, int], p: Any
) -> tuple[list[Array], list[Array]]:
    """A_1 … A_p and M_1 … M_q with these parameters, symbols or floats by name."""
    order, q = orders
    # Invertible is what is stationary as an autoregression of η with the coefficients -M.
    return process_of(series, order, p).coefficients, [-a for a in process_of(series, q, p, MA).coefficients]


def process_of(series: Sequence[str], order: int, p: Any, kind: str = "partial") -> companion.Autoregression:
    """The autoregression with these parameters, symbols or floats by name."""
    G, stds = common(series, p)
    sigma = np.array(stds, dtype=object)
    inverse = companion.inverse_of(G) * np.array([[1.0 / std] for std in stds], dtype=object)
    moves = [
        np.array([[p[n] for n in row] for row in names], dtype=object)
        for names in moves_names(series, order, kind)
    ]
    return companion.autoregression(moves, G * sigma, inverse)


def moves_names(series: Sequence[str], order: int, kind: str = "partial") -> list[list[list[str]]]:
    """The names of the parameters W_1 … W_p, row by row."""
    return [
        [[f"{kind}_{k}_{one}_{other}" for other in series] for one in series] for k in range(1, order + 1)
    ]


def _params(
    series: Sequence[str], coefficients: Any, ma: Any, cov: Any, orders: tuple[int, int]
) -> dict[str, Param]:
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
    std = L.diagonal()
    params = {f"{one}_std": Param(float(value), 0.0) for one, value in zip(series, std, strict=True)}
    for i, one in enumerate(series):
        params |= {
            f"{one}_on_{other}_0": Param(float(L[i, j] / std[j])) for j, other in enumerate(series[:i])
        }
    for kind, order, field, given in (
        ("partial", orders[0], "coefficients", coefficients),
        (MA, orders[1], "ma", ma),
    ):
        A = np.zeros((order, m, m)) if given is None else _shaped(given, (order, m, m), field)
        moves = companion.moves_of(list(-A if kind == MA else A), Q) if order else []
        if moves is None:
            raise _outside(field, given)
        for names, W in zip(moves_names(series, order, kind), moves, strict=True):
            named = zip(np.ravel(names).tolist(), W.ravel(), strict=True)
            params |= {name: Param(float(value)) for name, value in named}
    return params


def _outside(field: str, value: Any) -> ModelError:
    """The error of coefficients outside the region that the parameters can reach."""
    what, remedy = (
        ("invertible", "Move the coefficients towards 0.")
        if field == "ma"
        else ("stationary", "Model the differences of the series, or move the coefficients towards 0.")
    )
    return ModelError(
        f"{field}: the model is not {what}: expected all eigenvalues of the companion matrix of these coefficients "
        f"inside the unit circle. {remedy}",
        field=field, value=value,
    )  # fmt: skip


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


def _derived(series: Sequence[str], orders: tuple[int, int], values: Mapping[str, float]) -> dict[str, float]:
    own = {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{MOTION}.")}
    found = {
        f"{one}_on_{other}{of}_{k}": float(A[i, j])
        for of, matrices in zip(("", "_noise"), coefficients_of(series, orders, own), strict=True)
        for k, A in enumerate(matrices, 1)
        for i, one in enumerate(series)
        for j, other in enumerate(series)
    }
    G, stds = common(series, own)
    Q = (G * np.square(stds)) @ G.T
    for i, one in enumerate(series):
        found |= {f"cov_{one}_{other}": float(Q[i, j]) for j, other in enumerate(series[: i + 1])}
    return found
