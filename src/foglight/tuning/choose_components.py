"""`fog.choose_components`: which components of a time series its readings speak for.

Log-likelihoods with an exact unknown start are not comparable between models with other unknown directions: each is the
density of what is left of the readings after as many of them as there are directions were used up, and it depends on
the units of the states (Francke, Koopman & de Vos 2010). So models are compared by the density of the same readings,

    ℓ = Σ_{k > k0} log p(z_k | z_1:k-1),    AIC = -2 ℓ + 2 p,    BIC = -2 ℓ + p log n

with k0 the row from which every model knows all its states, p parameters and n readings (Akaike 1974; Schwarz 1978).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import one_of
from foglight.core.errors import DataError, FoglightError, ModelError, NumericalError, Status
from foglight.core.text import counted
from foglight.core.types import Floats
from foglight.data.given_log import as_log
from foglight.data.log import Log
from foglight.data.table import Table
from foglight.inference.run import Run, run
from foglight.model.model import Model
from foglight.model.series.structural import structural
from foglight.tuning.enough_readings import constant_measures
from foglight.tuning.fit import Fit
from foglight.tuning.tune import tune

TRENDS: dict[str, dict[str, Any]] = {
    "level": {},
    "level + fixed slope": {"trend": "fixed"},
    "level + random slope": {"trend": "random"},
    "smooth trend": {"trend": "smooth"},
}


def choose_components(
    log: Log,
    models: Mapping[str, Model] | None = None,
    *,
    seasonal: Any = None,
    by: str = "aic",
    **common: Any,
) -> "ComponentChoice":
    """Fit several models to a time series, and choose by likelihood with a penalty for each parameter.

    Parameters
    ----------
    log : Log
        The readings; the inputs that a candidate does not know are left out for it, if another one knows them.
    models : dict, optional
        The candidates, {name: model}. By default four trends of `fog.structural`, from a random level to a smooth
        trend; with `seasonal` each without a season, with a fixed and with a random one.
    seasonal : int or Fourier, optional
        The season of the default candidates, as in `fog.structural`.
    by : {"aic", "bic"}, default "aic"
        Which figure decides. BIC penalises a parameter by log n in place of 2, and chooses smaller models.
    **common
        Further arguments of `fog.structural` for the default candidates, such as regression="price".

    Returns
    -------
    ComponentChoice
        Prints as a table of all candidates, the best first; `best`, `model`, `fits`, `columns()`.

    Raises
    ------
    ModelError
        If an argument is invalid; and the error of the first model if none can be fitted.
    DataError
        If all readings are equal, or too few are left after the row from which every model knows its states.

    Notes
    -----
    Every model is tuned on the whole log. Compared is the density of the readings after the row from which all of them
    know all their states, each given the readings before it: log-likelihoods with an unknown start are not comparable
    between models with other unknown directions (Francke, Koopman & de Vos 2010). A difference of less than 2 decides
    nothing: then prefer what you can explain. Parameters at a bound count in full. States are no parameters: one that
    the readings hardly determine costs density itself, since predictions are worse as long as it is little known.

    Examples
    --------
    >>> fog.choose_components(log, {"one": model}).best
    'one'
    """
    one_of(by, ("aic", "bic"), "by")
    if models is None:
        models = _structural(seasonal, common)
    elif seasonal is not None or common:
        name, value = ("seasonal", seasonal) if seasonal is not None else next(iter(common.items()))
        raise ModelError(
            f"{name} = {value!r} is for the default candidates, and models gives others: expected one of both. Leave "
            f"{name} out.",
            field=name, value=value,
        )  # fmt: skip
    candidates = models.values() if isinstance(models, Mapping) else []
    if not candidates or not all(isinstance(model, Model) for model in candidates):
        raise ModelError.expected(
            "models", models, "names and fog.Models", "Write models={'level': fog.structural()}."
        )
    given = as_log(log)
    if not isinstance(given, Log):
        raise ModelError.expected(
            "log", log, "a fog.Log or a table with dates", "Write fog.Log.regular(z, dt=1.0)."
        )
    inputs = {name for model in models.values() for name in model.given_controls}
    logs = {name: _without(given, inputs - {*model.given_controls}) for name, model in models.items()}
    fits: dict[str, Fit] = {}
    refused: dict[str, FoglightError] = {}
    for name, model in models.items():
        try:
            fits[name] = tune(model, logs[name], heldout=False)
        except (ModelError, NumericalError, DataError) as reason:
            refused[name] = reason
    if not fits:
        raise next(iter(refused.values()))
    likelihood = next(iter(fits.values())).objective.likelihood
    constant = constant_measures(likelihood)
    if len(constant) == len(likelihood.model.components):
        raise DataError(
            f"{constant[0]}, so that every model predicts them exactly: expected readings that vary. Give another "
            "series.",
            field="log", value=constant,
        )  # fmt: skip
    runs = {name: run(fit.model, logs[name]) for name, fit in fits.items()}
    shared = np.logical_and.reduce([_determined(one) for one in runs.values()])
    rows = [_candidate(name, fits[name], one, shared) for name, one in runs.items()]
    readings, most = rows[0].readings, max(row.parameters for row in rows)
    if readings <= most + 1:
        raise DataError(
            f"{counted(readings, 'reading')} come after the row from which every model knows its states, and the "
            f"largest model has {counted(most, 'parameter')}: expected at least {most + 2}. Give a longer log, or "
            "fewer components.",
            field="log", value=readings,
        )  # fmt: skip
    return ComponentChoice(given, rows, fits, by, {name: str(reason) for name, reason in refused.items()})


@dataclass(frozen=True)
class Candidate:
    """One model of a choice. loglik: of all readings; density: of the shared ones, `readings` in number."""

    name: str
    states: int
    parameters: int
    loglik: float
    density: float
    readings: int

    @property
    def aic(self) -> float:
        """-2 ℓ + 2 p."""
        return -2.0 * self.density + 2.0 * self.parameters

    @property
    def bic(self) -> float:
        """-2 ℓ + p log n."""
        return -2.0 * self.density + self.parameters * float(np.log(self.readings))


class ComponentChoice(Table):
    """Candidates for a time series and their likelihoods, as `fog.choose_components` returns them; prints as a table.

    Attributes
    ----------
    best : str
        Name of the model with the lowest AIC, or BIC.
    model : Model
        That model, tuned.
    fits : dict of str to Fit
        The tuned candidates, by name.
    rows : list of Candidate
        name, states, parameters, loglik, density, readings, aic and bic of each, the best first.
    refused : dict of str to str
        Why other candidates could not be fitted.
    log : Log
        The log.

    Examples
    --------
    >>> found = fog.choose_components(log, {"one": model})
    >>> found.fits["one"].converged, found.columns()["weight"]
    (True, array([1.]))
    """

    def __init__(
        self, log: Log, rows: list[Candidate], fits: dict[str, Fit], by: str, refused: dict[str, str]
    ) -> None:
        self.log, self.fits, self.refused = log, fits, refused
        self.rows = sorted(rows, key=lambda row: float(getattr(row, by)))
        self._by = by

    @property
    def best(self) -> str:
        """Name of the model with the lowest figure."""
        return self.rows[0].name

    @property
    def model(self) -> Model:
        """The best model, tuned."""
        return self.fits[self.best].model

    def columns(self) -> dict[str, NDArray[Any]]:
        """The table as arrays, one entry for each candidate, the best first.

        Returns
        -------
        dict of str to ndarray
            model, states, parameters, loglik (of all readings: not comparable where states differ), density (of the
            shared readings), aic, bic, difference (from the best, of the figure that decides) and weight, which is
            exp(-difference/2) over its sum.
        """
        found = {"model": np.array([row.name for row in self.rows])}
        for name in ("states", "parameters", "loglik", "density", "aic", "bic"):
            found[name] = np.array([getattr(row, name) for row in self.rows])
        found["difference"] = found[self._by] - found[self._by][0]
        likelihood: Floats = np.exp(-0.5 * found["difference"])
        found["weight"] = likelihood / likelihood.sum()
        return found

    def _stamps(self) -> None:
        return None

    def __repr__(self) -> str:
        table = self.columns()
        cells = [list(table)]
        for k in range(len(self.rows)):
            numbers = [f"{table[name][k]:.2f}" for name in ("loglik", "density", "aic", "bic", "difference")]
            counts = [str(table[name][k]) for name in ("states", "parameters")]
            cells.append([self.rows[k].name, *counts, *numbers, f"{100 * table['weight'][k]:.0f} %"])
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(
                cell.rjust(width) if i else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in cells
        ]
        shared = counted(self.rows[0].readings, "reading")
        close = [
            row.name for row, far in zip(self.rows[1:], table["difference"][1:], strict=True) if far < 2.0
        ]
        doubt = f"; nearly as good: {', '.join(close)}" if close else ""
        heading = (
            f"By {self._by.upper()}, over the {shared} that every model can predict: {self.best}{doubt}."
        )
        return "\n".join(
            [heading, "", *lines, *(f"{name}: {reason}" for name, reason in self.refused.items())]
        )


def _structural(seasonal: Any, common: Mapping[str, Any]) -> dict[str, Model]:
    """The default candidates."""
    seasons: dict[str, Any] = {"": None}
    if seasonal is not None:
        seasons |= {" + fixed season": {seasonal: "fixed"}, " + random season": seasonal}
    return {
        trend + season: structural(**{**arguments, "seasonal": kind, **common})
        for trend, arguments in TRENDS.items()
        for season, kind in seasons.items()
    }


def _without(log: Log, columns: set[str]) -> Log:
    """The log without these columns, which are inputs of other candidates."""
    blocks = {name: block for name, block in log.blocks.items() if name not in columns}
    return replace(log, blocks=blocks, inputs=tuple(name for name in log.inputs if name not in columns))


def _determined(found: Run) -> NDArray[np.bool_]:
    """The rows (tracks, T) after the last one of their track that resolved an unknown direction of the start."""
    diffuse = (found.status.reshape(-1, len(found.log)) & int(Status.DIFFUSE)) != 0
    parts = np.split(diffuse, np.flatnonzero(found.log.starts())[1:], axis=1)
    later = [np.logical_or.accumulate(part[:, ::-1], axis=1)[:, ::-1] for part in parts]
    return ~np.concatenate(later, axis=1)


def _candidate(name: str, fit: Fit, found: Run, shared: NDArray[np.bool_]) -> Candidate:
    read = ~np.isnan(found.innovation.reshape(*shared.shape, -1))
    return Candidate(
        name=name,
        states=len(fit.model.state),
        parameters=len(fit.names),
        loglik=float(np.sum(found.loglik)),
        density=float(found.row_loglik.reshape(shared.shape)[shared].sum()),
        readings=int(read[shared].sum()),
    )
