"""A structural model as a forecaster of sktime; needs the extra `sktime`."""

import functools
from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.base import BaseForecaster, ForecastingHorizon

from foglight.core.errors import TimeError
from foglight.core.types import Array
from foglight.data.log import Log
from foglight.inference.forecast import forecast
from foglight.inference.prediction import Prediction
from foglight.inference.run import run
from foglight.model.model import Model
from foglight.model.series.structural import structural
from foglight.tuning.tune import tune

SERIES = "series"


class StructuralForecaster(BaseForecaster):  # type: ignore[misc]
    """A structural time series model, `fog.structural`, as a forecaster of sktime, tuned by maximum likelihood.

    A period without a row, and a NaN, is a missing reading. Columns of X are regressors. Intervals are those of the
    Gaussian forecast. `update` with update_params=False keeps the parameters and filters the new rows.

    Parameters
    ----------
    level, trend, seasonal, cycle, damped, autoregressive, irregular
        As in `fog.structural`.
    tvp : bool, default False
        Whether the coefficients of the columns of X are random walks.

    Attributes
    ----------
    params_ : dict of str to float
        The tuned parameters of the model, by full name.
    model_ : Model
        The tuned model.

    Examples
    --------
    >>> from foglight.adapters.sktime import StructuralForecaster
    >>> from sktime.datasets import load_airline
    >>> forecaster = StructuralForecaster(trend="fixed", seasonal=12).fit(load_airline(), fh=[1, 2])
    >>> forecaster.predict_interval(coverage=0.9).shape
    (2, 2)
    """

    _tags = {  # noqa: RUF012  as sktime wants it
        "y_inner_mtype": "pd.Series",
        "X_inner_mtype": "pd.DataFrame",
        "capability:exogenous": True,
        "capability:update": True,
        "requires-fh-in-fit": False,
        "X-y-must-have-same-index": True,
        "capability:missing_values": True,
        "capability:insample": False,
        "capability:pred_int": True,
        "capability:pred_int:insample": False,
        "authors": ["Foglight contributors"],
        "maintainers": ["Foglight contributors"],
    }

    def __init__(
        self,
        level: str | None = "random",
        trend: str | None = None,
        seasonal: Any = None,
        cycle: tuple[float, float] | None = None,
        damped: bool = True,
        autoregressive: int = 0,
        irregular: bool = True,
        tvp: bool = False,
    ) -> None:
        self.level = level
        self.trend = trend
        self.seasonal = seasonal
        self.cycle = cycle
        self.damped = damped
        self.autoregressive = autoregressive
        self.irregular = irregular
        self.tvp = tvp
        super().__init__()

    def _fit(self, y: pd.Series, X: pd.DataFrame | None, fh: Any) -> "StructuralForecaster":
        self.params_ = tune(self._model(X), _log(y, X), heldout=False).params
        self._seen = y, X
        return self

    @property
    def model_(self) -> Model:
        """The tuned model. It is made when it is asked for."""
        return self._model(self._seen[1]).with_parameters(self.params_)

    def _update(
        self, y: pd.Series, X: pd.DataFrame | None = None, update_params: bool = True
    ) -> "StructuralForecaster":
        seen, inputs = self._seen
        y = y.combine_first(seen)
        X = X if inputs is None or X is None else X.combine_first(inputs)
        if update_params:
            return self._fit(y, X, None)
        self._seen = y, X
        return self

    def _predict(self, fh: ForecastingHorizon, X: pd.DataFrame | None) -> pd.Series:
        which, index, found = self._ahead(fh, X)
        return pd.Series(found.mean[which, 0], index, name=self._seen[0].name)

    def _predict_var(
        self, fh: ForecastingHorizon, X: pd.DataFrame | None = None, cov: bool = False
    ) -> pd.DataFrame:
        which, index, found = self._ahead(fh, X)
        return pd.DataFrame(found.std[which] ** 2, index, columns=self._get_varnames())

    def _predict_quantiles(
        self, fh: ForecastingHorizon, X: pd.DataFrame | None, alpha: list[float]
    ) -> pd.DataFrame:
        from scipy.special import ndtri

        which, index, found = self._ahead(fh, X)
        columns = pd.MultiIndex.from_product([self._get_varnames(), alpha])
        return pd.DataFrame(
            found.mean[which] + ndtri(np.asarray(alpha)) * found.std[which], index, columns=columns
        )

    def _ahead(self, fh: ForecastingHorizon, X: pd.DataFrame | None) -> tuple[Array, pd.Index, Prediction]:
        """The rows of a forecast that are asked for, their index, and the forecast."""
        y, inputs = self._seen
        which = np.asarray(fh.to_relative(self.cutoff).to_numpy(), dtype=int) - 1
        index = fh.to_absolute_index(self.cutoff)
        steps, u = int(which.max()) + 1, None
        if inputs is not None:
            assert X is not None  # sktime has seen to it
            u = np.zeros((steps, inputs.shape[1]))  # what other rows have does not matter to these
            u[which] = X.loc[index].to_numpy(dtype=float)
        filtered = run(self.model_, _log(y, inputs), keep="last")
        return which, index, forecast(filtered, steps, u=u).sensors[SERIES]

    def _model(self, X: pd.DataFrame | None) -> Model:
        seasonal = tuple(self.seasonal.items()) if isinstance(self.seasonal, dict) else self.seasonal
        seasonal = tuple(seasonal) if isinstance(seasonal, list) else seasonal
        inputs = 0 if X is None else X.shape[1]
        return _model(
            self.level, self.trend, seasonal, isinstance(self.seasonal, dict), self.cycle, self.damped,
            self.autoregressive, self.irregular, inputs, self.tvp,
        )  # fmt: skip

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        """Parameters with which sktime checks this class."""
        return [{}, {"trend": "fixed", "seasonal": {4: "fixed"}}]


@functools.lru_cache(maxsize=64)
def _model(
    level: str | None, trend: str | None, seasonal: Any, is_dict: bool, cycle: Any, damped: bool, autoregressive: int,
    irregular: bool, inputs: int, tvp: bool,
) -> Model:  # fmt: skip
    """The model of these components, the same one for all forecasters that have them: so it is compiled once."""
    return structural(
        SERIES, level=level, trend=trend, seasonal=dict(seasonal) if is_dict else seasonal, cycle=cycle, damped=damped,
        autoregressive=autoregressive, irregular=irregular, regression=_names(inputs), tvp=tvp,
    )  # fmt: skip


def _names(inputs: int) -> tuple[str, ...]:
    """The names of regressors in the model: those of columns need not be identifiers."""
    return tuple(f"input_{k}" for k in range(inputs))


def _log(y: pd.Series, X: pd.DataFrame | None) -> Log:
    """A row for each period from the first one to the last one."""
    at = _periods(y.index)
    at = at - at[0]
    rows = int(at[-1]) + 1
    z = np.full((rows, 1), np.nan)
    z[at, 0] = y.to_numpy(dtype=float)
    if X is None:
        return Log.regular(z, dt=1.0)
    u = np.zeros((rows, X.shape[1]))
    u[at] = X.loc[y.index].to_numpy(dtype=float)
    return Log.regular(z, dt=1.0, u=u)


def _periods(index: pd.Index) -> Array:
    """The number of each period of an index of whole numbers, periods, or dates with a frequency."""
    if isinstance(index, pd.DatetimeIndex):
        freq = index.freq or pd.infer_freq(index)
        if freq is None:
            raise TimeError(
                f"y.index: the dates from {index[0]} to {index[-1]} have no frequency: expected equal steps, such as "
                "months. Write y.asfreq('MS').",
                field="y.index",
            )
        return np.round(np.asarray(pd.date_range(index[0], index[-1], freq=freq).get_indexer(index))).astype(
            int
        )
    if isinstance(index, pd.PeriodIndex):
        return np.asarray(index.astype("int64") // index.freq.n)
    return np.asarray(index, dtype=int)
