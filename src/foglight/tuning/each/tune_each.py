"""`fog.tune_each`: the parameters of each of many series, with one compilation."""

from collections.abc import Sequence
from typing import Any

from foglight.core.errors import ModelError
from foglight.core.threads import with_threads
from foglight.core.types import Time
from foglight.data.log import Log
from foglight.data.on_time import on_time
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.tuning.delays import delays_among
from foglight.tuning.each.fits import Fits
from foglight.tuning.each.optima import Search
from foglight.tuning.each.series import log_of
from foglight.tuning.objective import Progress
from foglight.tuning.tunable_method import tunable
from foglight.tuning.tune import names_of


@with_threads
def tune_each(
    model: Model,
    data: Any,
    free: Sequence[str] | str | None = None,
    *,
    id: str = "unique_id",
    time: str = "ds",
    freq: str | None = None,
    method: Method | None = None,
    start_time: Time | None = None,
    resolution: bool = True,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Fits:
    """Estimate the parameters of each of many series on its own, by maximum likelihood, with one compilation for all.

    The series ascend side by side: each step of all of them is one call of compiled code, in which every series has its
    own parameters. A series that does not get to a maximum in this way is tuned by itself, as by `fog.tune`. One that
    cannot be tuned is a row of the result with a status, not an error.

    Parameters
    ----------
    model : Model
        The model whose parameters are tuned, the same for all series.
    data : Log or dataframe
        A log with tracks; or a panel, a dataframe with the columns `unique_id`, `ds` and one for each measure or
        control of the model, such as `y`, with the rows of a series together and in time order. In a model with one
        measure, the name of its column does not matter.
    free : sequence of str or str, default None
        The parameters to tune, by full or bare name; None means all.
    id, time : str, default "unique_id" and "ds"
        The columns of a panel with the name of each row's series, and with its date or time.
    freq : str, default None
        The frequency of the dates of a panel, as in `Log.series`; None for the one that they show.
    method : Method, default None
        The filter, as in `fog.tune`; None means EKF().
    start_time : float, datetime, pandas.Timestamp or datetime64, default None
        The time of the start, as in `fog.run`.
    resolution : bool, default True
        Whether a sensor's noise stays at or above that of rounding its readings, as in `fog.tune`.
    progress : callable, default None
        Called with the number of series done so far.
    threads : int, default None
        The most threads to use; None for one for each core of this process. No bit of the result depends on it.

    Returns
    -------
    Fits
        A table with a row for each series: parameters, standard errors, intervals, log-likelihood and status.
        `fits[id]` is the tuned model of a series, and `fits.forecast(steps)` a long dataframe of all forecasts.

    Raises
    ------
    ModelError
        If the model has no parameters, or an argument is invalid.
    DataError, TimeError
        If the data do not fit the model, or cannot be read; not if a series cannot be tuned.

    Notes
    -----
    Each ascent begins at the most likely of some hundred combinations of parameters, which are the same for all series,
    so that these share the covariances. `fog.tune` follows several of them, and names other maxima: use it for a series
    that matters. Ascents end within a thousandth of a standard error of the maximum, and the intervals come from the
    observed information near it.

    Examples
    --------
    >>> fits = fog.tune_each(fog.structural(), panel)
    >>> fits.status.tolist(), fits.params["motion.level_std"].round(1).tolist()
    (['converged', 'converged'], [0.9, 0.6])
    """
    if not isinstance(model, Model):
        raise ModelError(
            f"tune_each({type(model).__name__}, …): expected a fog.Model. Write fog.tune_each(fog.structural(), df).",
            field="model", value=type(model).__name__,
        )  # fmt: skip
    if not isinstance(resolution, bool):
        raise ModelError.expected("resolution", resolution, "True or False", "Leave it out for True.")
    names, used = names_of(model, free), tunable(method)
    log = log_of(data, id, time, freq)
    if not isinstance(log, Log):
        raise ModelError(
            f"tune_each(…, {type(data).__name__}): expected a fog.Log with tracks, or a dataframe with the columns "
            f"{id!r} and {time!r}. Give their names with id= and time=.",
            field="data", value=type(data).__name__,
        )  # fmt: skip
    log = on_time(model, log)
    search = Search(model, log, used, names, start_time, resolution)
    optima = search.run(progress, alone=bool(delays_among(model, names)))
    panel = not isinstance(data, Log)
    return Fits(model, log, used, names, start_time, optima, (id, time) if panel else ("track", "time"))
