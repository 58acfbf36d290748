"""The result of tuning each series: a table of parameters, and what follows from them for every series."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError, ModelError, NumericalError
from foglight.core.row_names import Label
from foglight.core.text import listed
from foglight.core.types import Array, Time
from foglight.data.log import Log
from foglight.data.table import Table
from foglight.diagnostics.chi_square import WITHIN
from foglight.inference.forecast import forecast
from foglight.inference.run import Run, run
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.tuning.each.forecasts import Forecasts
from foglight.tuning.each.optima import CONVERGED, Optima
from foglight.tuning.each.series import ids_of, series_of

_SHOWN = 5  # names of series in a list


class Fits(Table):
    """The parameters of each series, as `fog.tune_each` returns them; a table with a row for each.

    Attributes
    ----------
    ids : tuple of str or int
        The names of the series, in order.
    params : dict of str to array (S,)
        The estimates, by full name of the parameter; NaN for a series that could not be tuned.
    std_errors : dict of str to array (S,)
        Their standard errors; NaN at a bound.
    intervals : dict of str to array (S, 2)
        Their 95 % intervals; NaN at a bound.
    loglik : array (S,)
        The log-likelihood of each series.
    status : array of str (S,)
        "converged"; or why not: "not converged", "the filter breaks", "no readings", "too short" for the unknown states
        and parameters or for a season, or "constant".
    converged : array of bool (S,)
        Whether the status is "converged".
    models : mapping of str or int to Model
        The tuned model of each series that has parameters.
    log : Log
        The log of all series.

    Examples
    --------
    >>> fits = fog.tune_each(fog.structural(), panel)
    >>> fits.status.tolist(), round(fits["north"].parameters["motion.level_std"], 1)
    (['converged', 'converged'], 0.9)
    """

    def __init__(
        self,
        model: Model,
        log: Log,
        method: Method,
        names: tuple[str, ...],
        start_time: Time | None,
        optima: Optima,
        columns: tuple[str, str],
    ) -> None:
        self._given, self._method, self._start_time, self._columns = model, method, start_time, columns
        self.log = log
        self.ids = ids_of(log)
        self._numbers = {name: k for k, name in enumerate(self.ids)}
        self.names = names
        self.loglik, self._values = optima.loglik, optima.values
        self.status: NDArray[Any] = np.array(optima.status.tolist(), dtype=str)
        self.converged = self.status == CONVERGED
        self.params = dict(zip(names, optima.values.T, strict=True))
        logs = np.array([model.bounds[name][0] == 0.0 for name in names], dtype=bool)
        slopes = np.where(logs, optima.values, 1.0)
        self.std_errors = dict(zip(names, (slopes * optima.spread).T, strict=True))
        ends = optima.spread[:, :, None] * np.array([-WITHIN, WITHIN])
        with np.errstate(over="ignore"):
            ends = np.where(
                logs[:, None], optima.values[:, :, None] * np.exp(ends), optima.values[:, :, None] + ends
            )
        self.intervals = dict(zip(names, ends.transpose(1, 0, 2), strict=True))

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, id: Label) -> Model:
        """The tuned model of a series.

        Parameters
        ----------
        id : str or int
            The name of the series.

        Returns
        -------
        Model
            The model with the parameters of this series.

        Raises
        ------
        DataError
            If there is no such series, or it has no parameters.

        Examples
        --------
        >>> round(fits["north"].parameters["motion.level_std"], 1)
        0.9
        """
        k = self._number(id)
        if np.isnan(self._values[k]).any():
            raise DataError(
                f"series {id!r} could not be tuned: {self.status[k]}. Expected one with parameters. See fits.status.",
                field="id", value=id,
            )  # fmt: skip
        return self._given.with_parameters(dict(zip(self.names, self._values[k].tolist(), strict=True)))

    @property
    def models(self) -> Mapping[Label, Model]:
        """The tuned model of each series that has parameters, made when it is asked for."""
        return _Models(self)

    def run(self, id: Label, **options: Any) -> Run:
        """Run the tuned model of a series on its log.

        Parameters
        ----------
        id : str or int
            The name of the series.
        **options
            Those of `fog.run`, such as keep="last".

        Returns
        -------
        Run
            As of `fog.run`.

        Raises
        ------
        DataError
            If there is no such series, or it has no parameters.

        Examples
        --------
        >>> fog.smooth(fits.run("north")).mean.shape
        (48, 1)
        """
        method = options.pop("method", self._method)
        start_time = options.pop("start_time", self._start_time)
        return run(self[id], series_of(self.log, self._number(id)), method, start_time=start_time, **options)

    def forecast(self, steps: int, *, probability: float = 0.95, library: str | None = None) -> Any:
        """Forecast every series, as one long dataframe.

        Parameters
        ----------
        steps : int
            The number of times ahead, as far apart as the rows; periods of the calendar of a log with dates.
        probability : float, default 0.95
            Of the interval.
        library : str, default None
            The library of the dataframe, as in `to_frame`; None for that of the data.

        Returns
        -------
        dataframe
            A row for each series and time ahead: the name of the series, the time or date, `mean`, `lower` and `upper`
            of the reading with its noise. With several measures, a group of columns for each, as `radar.range_mean`.
            NaN for a series that could not be tuned or forecast.

        Raises
        ------
        ModelError
            If the model has controls, whose values ahead nobody gave, or probability is invalid.
        TimeError
            If steps is invalid.
        DataError
            If no library is known.

        Examples
        --------
        >>> fits.forecast(2).set_index(["unique_id", "ds"]).round(1)
                              mean  lower  upper
        unique_id ds
        north     2024-01-01  -3.3   -5.0   -1.5
                  2024-02-01  -3.3   -5.8   -0.8
        south     2024-01-01  -2.3   -3.8   -0.7
                  2024-02-01  -2.3   -4.2   -0.3
        """
        if self._given.given_controls:
            names = listed(self._given.given_controls)
            raise ModelError(
                f"forecast: the model has controls ({names}), and their values ahead are not known for every series: "
                "expected a model without. Write fog.forecast(fits.run(id), steps=…, u=…) for each series.",
                field="model", value=names,
            )  # fmt: skip
        found = Forecasts(self.log, self.ids, self._columns, tuple(self._given.components), steps)
        for k, id in enumerate(self.ids):
            if np.isnan(self._values[k]).any():
                continue
            try:
                ahead = forecast(self.run(id, keep="last"), steps)
            except (DataError, NumericalError):  # its last state is unknown, or not finite
                continue
            found.put(k, ahead, probability)
        return found.to_frame(library)

    def columns(self) -> dict[str, Array]:
        """The table: a row for each series.

        Returns
        -------
        dict of str to array (S,)
            The name of the series; each parameter by its full name, with its `_std_error`, and the ends of its 95 %
            interval, `_low` and `_high`; `loglik` and `status`.
        """
        found: dict[str, Any] = {self._columns[0]: np.array(self.ids)}
        for name in self.names:
            found[name], found[f"{name}_std_error"] = self.params[name], self.std_errors[name]
            found[f"{name}_low"], found[f"{name}_high"] = self.intervals[name].T
        return found | {"loglik": self.loglik, "status": self.status}

    def _stamps(self) -> None:
        return None  # the rows are series

    def _number(self, id: Label) -> int:
        if id not in self._numbers:
            some = listed([repr(one) for one in self.ids[:_SHOWN]]) + ", …" * (len(self.ids) > _SHOWN)
            raise DataError.expected("id", id, f"the name of a series: {some}", "See fits.ids.")
        return self._numbers[id]

    def __str__(self) -> str:
        lines = [f"Fits of {len(self)} series: " + ", ".join(self._counts())]
        rows = [("parameter", "median", "from", "to", "at 0")]
        for name, values in self.params.items():
            known = values[np.isfinite(values)]
            low, middle, high = np.quantile(known, [0.1, 0.5, 0.9]) if len(known) else [np.nan] * 3
            rows.append(
                (name, f"{middle:.3g}", f"{low:.3g}", f"{high:.3g}", str(np.count_nonzero(known == 0.0)))
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines += [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        return "\n".join(lines)

    __repr__ = __str__

    def _counts(self) -> Iterator[str]:
        for status in dict.fromkeys(sorted(self.status.tolist())):
            count = int(np.count_nonzero(self.status == status))
            which = [repr(id) for id, own in zip(self.ids, self.status, strict=True) if own == status][
                :_SHOWN
            ]
            names = "" if status == CONVERGED else f" ({', '.join(which)}{', …' * (count > _SHOWN)})"
            yield f"{count} {status}{names}"


class _Models(Mapping[Label, Model]):
    """The tuned models, made when they are asked for."""

    def __init__(self, fits: Fits) -> None:
        self._fits = fits

    def __getitem__(self, id: Label) -> Model:
        return self._fits[id]

    def __iter__(self) -> Iterator[Label]:
        known = np.asarray(~np.isnan(self._fits._values).any(axis=1))
        return (id for k, id in enumerate(self._fits.ids) if known[k])

    def __len__(self) -> int:
        return sum(1 for _ in self)
