"""`fog.dynamic_factor`: many series that move with a few factors, also where some are monthly and others quarterly.

    z_i = μ_i + Σ_l w_l (Λ_i f_k-l + e_i,k-l) (+ v_i)      f_k = A_1 f_k-1 + … + A_p f_k-p + η_k,   η ~ N(0, I)

w is 1 for a series of every row. A quarterly series is known in the last month of a quarter, as a sum of what its three
or five last months have been. e_i is what the series has of its own: white, or an autoregression. A white e_i that is
not summed is measurement noise v_i, and no state. Geweke 1977; Stock & Watson 1991; Mariano & Murasawa 2003.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.equations import ud
from foglight.model import noise
from foglight.model.model import MOTION, Model, Motion, Sensor
from foglight.model.parameters import Param, param
from foglight.model.parametric_start import ParametricStart
from foglight.model.series import companion, stationary
from foglight.model.series.choices import choice, count
from foglight.model.series.vector_autoregression import lagged, moves_names

__ready_made__ = True  # what its functions compute is a matter of this package's own tests
# What a quarterly reading is of the months, the last one first. Growth: Mariano & Murasawa 2003, eq. 5.
QUARTERLY = {
    "growth": (1.0 / 3.0, 2.0 / 3.0, 1.0, 2.0 / 3.0, 1.0 / 3.0),
    "average": (1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0),
    "sum": (1.0, 1.0, 1.0),
    "last": (1.0,),
}


def dynamic_factor(
    series: Sequence[str],
    factors: int,
    order: int,
    *,
    errors: int = 0,
    quarterly: Mapping[str, str] | None = None,
    trend: str | None = None,
    name: str = "series",
) -> Model:
    """Several series that move with a few common factors: z = μ + Λ f + e, with f a stationary vector autoregression.

    The likelihood is exact: factors and errors start at their stationary distribution. The log has one row for each
    period; each value may be missing on its own, as NaN. So may quarterly series in a monthly log, which have a value
    in the last month of each quarter.

    Parameters
    ----------
    series : sequence of str
        Names of the series: the columns of the log.
    factors : int
        The number of factors, fewer than the series. Their noise has the covariance I. The first series depends on the
        first factor only, the second on the first two, and so on: otherwise factors could be rotated.
    order : int
        The number of lags of the autoregression of the factors, >= 1.
    errors : int, default 0
        The number of lags of the autoregression of each series' own error e; 0 for white noise.
    quarterly : dict {str: str}, optional
        The quarterly series, and what their readings are of the months: "growth" (the growth rate of a quarterly sum,
        of monthly growth rates), "average" or "sum" of the three months, or the "last" one.
    trend : {None, "constant"}, default None
        Whether the series have means, parameters such as `prices_mean`; else they are around 0.
    name : str, default "series"
        Name of the sensor that measures all of them.

    Returns
    -------
    Model
        A linear model with the states factor_1, factor_2, … (`factor` if it is one), their values in the rows before,
        and the errors that are states. Its parameters are the loadings Λ, such as `prices_loading_1`, the standard
        deviations of the errors' noise, such as `prices_std`, and numbers that make the coefficients of the
        autoregressions: without bounds those of the factors, in (-1, 1) those of the errors. `model.coefficients` has
        the coefficients, such as `factor_on_factor_1` and `prices_error_1`.

    Raises
    ------
    ModelError
        For an invalid number of factors or lags, and a quarterly series that is not among the series.

    Notes
    -----
    Stock & Watson 1991; quarterly series Mariano & Murasawa 2003. All loadings change their signs with a factor; the
    search begins with 1, and finds the maximum near it.

    Examples
    --------
    >>> model = fog.dynamic_factor(("jobs", "sales", "gdp"), 1, 2, quarterly={"gdp": "growth"})
    >>> model.state[:3], model.state[-1]
    (('factor', 'factor_1', 'factor_2'), 'gdp_error_4')
    """
    spec = _specification(series, factors, order, errors, quarterly)
    choice(trend, "trend", (None, "constant"))
    params = _params(spec)
    start = ParametricStart(
        names=tuple(f"{MOTION}.{own}" for own in params),
        state=spec.state,
        factor=lambda values: _start(spec, {own: values[f"{MOTION}.{own}"] for own in params}),
        unknown=np.zeros((len(spec.state), 0)),
    )
    return Model(
        Motion(
            spec.state,
            lambda x, dt, p: _moved(spec, x, p),
            lambda x, dt, p: _noise(spec, p),
            params,
        ),
        [_sensor(name, spec, trend is not None)],
        start=None,
        parametric_start=start,
        derived=lambda values: _derived(spec, values),
    )


@dataclass(frozen=True)
class Specification:
    """What a user asked for. weights: w of each series, the newest row first."""

    series: tuple[str, ...]
    factors: tuple[str, ...]
    order: int
    errors: int
    weights: Mapping[str, tuple[float, ...]]

    @property
    def lags(self) -> int:
        """How many values of the factors are in the state."""
        return max(self.order, *[len(w) for w in self.weights.values()])

    @property
    def kept(self) -> dict[str, tuple[str, ...]]:
        """The states of each error that has some: its values, newest first."""
        return {
            one: lagged([f"{one}_error"], max(self.errors, len(w)))
            for one, w in self.weights.items()
            if self.errors or len(w) > 1
        }

    @property
    def state(self) -> tuple[str, ...]:
        """The names of the states: factors, newest first, then errors."""
        return (*lagged(self.factors, self.lags), *[name for own in self.kept.values() for name in own])

    def partials(self, one: str) -> list[str]:
        """The names of the partial autocorrelations of an error."""
        return [f"{one}_error_partial_{k}" for k in range(1, self.errors + 1)]

    def loadings(self, one: str) -> dict[str, str]:
        """The names of the loadings of a series, by factor."""
        k = len(self.factors)
        free = self.factors[: min(k, self.series.index(one) + 1)]
        return {f: f"{one}_loading" if k == 1 else f"{one}_loading_{j}" for j, f in enumerate(free, 1)}


def _specification(series: Any, factors: Any, order: Any, errors: Any, quarterly: Any) -> Specification:
    names = checks.names(series, "series")
    k = count(factors, "factors", "factors=1")
    if k >= len(names):
        raise ModelError(
            f"factors = {k} for {len(names)} series: expected fewer factors than series. Write factors=1, or use "
            "fog.vector_autoregression.",
            field="factors", value=k,
        )  # fmt: skip
    if not (checks.is_whole(errors) and errors >= 0):
        raise ModelError.expected("errors", errors, "a whole number >= 0", "Write errors=1.")
    given = {} if quarterly is None else quarterly
    if not isinstance(given, Mapping):
        raise ModelError.expected("quarterly", given, "{name: kind}", "Write quarterly={'gdp': 'growth'}.")
    for one, kind in given.items():
        if one not in names:
            raise ModelError(
                f"quarterly[{one!r}]: there is no such series. There are: {', '.join(names)}. Correct the name.",
                field="quarterly", index=one, value=one,
            )  # fmt: skip
        choice(kind, f"quarterly[{one!r}]", tuple(QUARTERLY))
    weights = {one: QUARTERLY[given[one]] if one in given else (1.0,) for one in names}
    own = ("factor",) if k == 1 else tuple(f"factor{j}" for j in range(1, k + 1))
    return Specification(names, own, count(order, "order", "order=1"), int(errors), weights)


def _params(spec: Specification) -> dict[str, Param]:
    """The parameters of the motion."""
    found = {
        name: Param(0.0)
        for names in moves_names(spec.factors, spec.order)
        for name in np.ravel(names).tolist()
    }
    for one in spec.kept:
        found[f"{one}_std"] = param(1.0, low=0.0)
        found |= {name: param(0.0, -stationary.LARGEST, stationary.LARGEST) for name in spec.partials(one)}
    return found


def _process(spec: Specification, p: Any) -> companion.Autoregression:
    """The autoregression of the factors, with parameters by name, symbols or floats."""
    one = np.eye(len(spec.factors), dtype=object)
    names = moves_names(spec.factors, spec.order)
    return companion.autoregression(
        [np.array([[p[n] for n in row] for row in W], object) for W in names], one, one
    )


def _moved(spec: Specification, x: Any, p: Any) -> list[Any]:
    """The factors and the errors one row later, without noise."""
    k = len(spec.factors)
    A = np.hstack(_process(spec, p).coefficients)
    moved = [sum(a * v for a, v in zip(row, x, strict=False)) for row in A]
    moved += list(x[: k * (spec.lags - 1)])
    for one, own in spec.kept.items():
        phi = stationary.coefficients([p[name] for name in spec.partials(one)])
        values = [x[name] for name in own]
        moved += [sum((a * v for a, v in zip(phi, values, strict=False)), start=0.0), *values[:-1]]
    return moved


def _noise(spec: Specification, p: Any) -> Any:
    """That of the factors, I, and those of the errors."""
    newest = [*spec.factors, *[own[0] for own in spec.kept.values()]]
    effect = np.array([[float(name == other) for other in newest] for name in spec.state])
    return noise.factored(effect, [*[1.0] * len(spec.factors), *[p[f"{one}_std"] ** 2 for one in spec.kept]])


def _start(spec: Specification, p: Mapping[str, Any]) -> tuple[Array, Array]:
    """U and D of the stationary distributions of the factors and of each error."""
    n = len(spec.state)
    U, D = np.eye(n, dtype=object), np.full(n, 0.0, dtype=object)
    root = companion.window(_process(spec, p), spec.lags)
    at = slice(0, len(root))
    U[at, at], D[at] = ud.combine(root, np.full(len(root), 1.0, dtype=object))
    for one, own in spec.kept.items():
        at = slice(at.stop, at.stop + len(own))
        phi = stationary.coefficients([p[name] for name in spec.partials(one)])
        U[at, at], variances = stationary.window(phi, len(own))
        D[at] = p[f"{one}_std"] ** 2 * variances
    return U, D


def _sensor(name: str, spec: Specification, means: bool) -> Sensor:
    white = [one for one in spec.series if one not in spec.kept]

    def measure(x: Any, p: Any) -> list[Any]:
        values = []
        for one, weights in spec.weights.items():
            terms = [
                w * (p[loading] * x[f"{factor}_{k}" if k else factor])
                for k, w in enumerate(weights)
                for factor, loading in spec.loadings(one).items()
            ]
            terms += [w * x[state] for w, state in zip(weights, spec.kept.get(one, ()), strict=False)]
            values.append(sum(terms, start=p[f"{one}_mean"] if means else 0.0))
        return values

    params = {loading: Param(1.0) for one in spec.series for loading in spec.loadings(one).values()}
    params |= {f"{one}_std": param(1.0, low=0.0) for one in white}
    if means:
        params |= {f"{one}_mean": Param(0.0) for one in spec.series}
    return Sensor(
        name,
        spec.series,
        measure,
        lambda x, p: noise.independent(
            [p[f"{one}_std"] ** 2 if one in white else 0.0 for one in spec.series]
        ),
        params=params,
    )


def _derived(spec: Specification, values: Mapping[str, float]) -> dict[str, float]:
    own = {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{MOTION}.")}
    found = {
        f"{one}_on_{other}_{k}": float(A[i, j])
        for k, A in enumerate(_process(spec, own).coefficients, 1)
        for i, one in enumerate(spec.factors)
        for j, other in enumerate(spec.factors)
    }
    for one in spec.kept:
        phi = stationary.coefficients([own[name] for name in spec.partials(one)])
        found |= {f"{one}_error_{k}": float(value) for k, value in enumerate(phi, 1)}
    return found
