"""`fog.tune`: maximum-likelihood estimates of a model's parameters from logs."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, overload

import numpy as np

from foglight.core.errors import DataError, ModelError
from foglight.core.text import counted
from foglight.core.threads import with_threads
from foglight.core.types import Time
from foglight.data.given_log import as_log
from foglight.data.log import Log
from foglight.data.on_time import on_time
from foglight.diagnostics.truth import truth_of
from foglight.inference.likelihood import Likelihood
from foglight.inference.short_logs import warn_of_short_season
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.model.parameters import full_name
from foglight.tuning import em
from foglight.tuning.delays import around_delays, delays_among
from foglight.tuning.em import EMFit
from foglight.tuning.enough_readings import require_readings
from foglight.tuning.fit import Fit
from foglight.tuning.maximum import ascend
from foglight.tuning.objective import Objective, Point, Progress
from foglight.tuning.optimum import HeldOut
from foglight.tuning.rounding_noise import least_noises
from foglight.tuning.search import search
from foglight.tuning.tunable_method import tunable

_FIRST = 0.8  # share of the rows for the fit that is scored on the others
_AGAIN = 10  # searches around delays that were found, at most; mostly one is enough
_STILL = 0.05  # standard errors that delays may move, and stay


@overload
def tune(
    model: Model,
    log: Log | Sequence[Log],
    free: Sequence[str] | str | None = None,
    *,
    method: Method | None = None,
    priors: Mapping[str, Any] | None = None,
    truth: Any = None,
    within: float = 0.0,
    start_time: Time | None = None,
    heldout: bool = True,
    progress: Progress | None = None,
    resolution: bool = True,
    threads: int | None = None,
) -> Fit: ...


@overload
def tune(
    model: Model,
    log: Log | Sequence[Log],
    free: None = None,
    *,
    method: Literal["em"],
    start_time: Time | None = None,
    heldout: bool = True,
    progress: Progress | None = None,
    iterations: int | None = None,
    tolerance: float | None = None,
    threads: int | None = None,
) -> EMFit: ...


@with_threads
def tune(
    model: Model,
    log: Log | Sequence[Log],
    free: Sequence[str] | str | None = None,
    *,
    method: Method | str | None = None,
    priors: Mapping[str, Any] | None = None,
    truth: Any = None,
    within: float = 0.0,
    start_time: Time | None = None,
    heldout: bool = True,
    progress: Progress | None = None,
    resolution: bool = True,
    iterations: int | None = None,
    tolerance: float | None = None,
    threads: int | None = None,
) -> Fit | EMFit:
    """Estimate parameters of a model by maximum likelihood, with the exact gradient of the filter.

    The search begins at many points, so the values in the model need not be good.

    Parameters
    ----------
    model : Model
        The model whose parameters are tuned.
    log : Log or sequence of Log
        The readings; several logs share the parameters. A series or dataframe with dates is a log; see `Log.series`.
    free : sequence of str or str, default None
        The parameters to tune, by full or bare name; None means all.
    method : Method or "em", default None
        The filter; None means EKF(). It must not adapt noises, and without `truth` it must not have a gate. "em" fits
        full matrices Q and R of a `fog.linear_model` instead of parameters, by expectation–maximisation.
    priors : mapping {name: (mean, std)}, default None
        Gaussian priors of parameters, or of their logarithms if they are bounded below by 0. The estimate is then the
        most probable one.
    truth : array (T, n), mapping {state: column}, dataframe or Log, default None
        The true states, for a list of logs a list. The density of the truth under the filtered belief is then
        maximised instead of the likelihood; the intervals treat errors of successive rows as independent.
    within : float, default 0
        Seconds. How far from a row of the log the truth that belongs to it may be, where truth has times; the nearest
        is taken.
    start_time : float, datetime, pandas.Timestamp or datetime64, default None
        The time of the start, as in `fog.run`.
    heldout : bool, default True
        Whether to fit on the first 80 % of the rows as well, and score that fit on the others.
    progress : callable, default None
        Called with the number of rows filtered so far; with "em" the number of iterations.
    resolution : bool, default True
        Whether the noise of a sensor stays at or above that of rounding its readings, r/√12, where values that recur
        show that the readings are rounded; r is the smallest step between two different ones.
    iterations : int, default None
        Only with "em": the largest number of iterations; None means 200.
    tolerance : float, default None
        Only with "em": stop when an iteration gains less than this per reading; None means 1e-9.
    threads : int, default None
        The most threads to use; None for one for each core of this process. No bit of the result depends on it.

    Returns
    -------
    Fit or EMFit
        `model`, `params`, `std_errors`, `intervals`, `converged`, `other_maxima`, `advice`; with "em" `model`, `Q` and
        `R`. Prints as a table.

    Raises
    ------
    ModelError
        If the model has no parameters, or an argument is invalid.
    DataError
        If there are no readings, or the log or the truth does not fit the model.
    NumericalError
        If the filter breaks at every initial guess.

    Notes
    -----
    Each ascent is Fisher scoring with damped steps (Levenberg 1944; Marquardt 1963), in the logarithms of parameters
    bounded below by 0. Where it ends, the second derivative must be that of a maximum. No search finds every maximum of
    every model: those within reach that this one found are in `other_maxima`. The intervals come from the observed
    information at the maximum. The search for a delay is repeated around what it found, until that stays. EM is that of
    Shumway & Stoffer 1982; it holds nothing out.

    Examples
    --------
    >>> fit = fog.tune(model, log, free=["accel", "std"])
    >>> {name: round(value, 2) for name, value in fit.params.items()}
    {'motion.accel': 0.32, 'radar.std': 0.81}
    """
    logs = _logs(model, log)
    if isinstance(method, str) and method == "em":
        stop = {"iterations": iterations, "tolerance": tolerance}
        return _by_em(
            model, logs, start_time, progress, stop,
            {"free": free, "priors": priors, "truth": truth, "within": within or None,
             "resolution": None if resolution is True else resolution},
        )  # fmt: skip
    for name, value in (("iterations", iterations), ("tolerance", tolerance)):
        if value is not None:
            raise ModelError.expected(
                name,
                value,
                'only with method="em", since any other search ends at the maximum',
                "Leave it out.",
            )
    if not isinstance(resolution, bool):
        raise ModelError.expected("resolution", resolution, "True or False", "Leave it out for True.")
    names = names_of(model, free)
    method = tunable(method, gate=truth is not None, also='"em"')
    late = delays_among(model, names)
    if late and truth is not None:
        raise ModelError.expected(
            "free",
            tuple(late.values()),
            "no delay with truth, which says nothing about stamps",
            "Leave one out.",
        )
    known = None if truth is None else _truths(truth, model, logs, not isinstance(log, Sequence), within)

    def likelihood(share: float = 1.0) -> Likelihood:
        around = around_delays(model, late)
        return Likelihood(around, logs, method, names, start_time, share=share, truth=known)

    whole = likelihood()
    require_readings(whole)
    for one in logs:
        warn_of_short_season(model, one, stacklevel=3)
    first = likelihood(_FIRST) if heldout else None
    before = 0.0 if first is None else _after(whole, first, whole.values)
    least = least_noises(whole) if resolution else {}
    objective = Objective(whole, priors, progress, least)
    found = search(objective)
    for _ in range(_AGAIN if late else 0):
        if _stays(objective, found.best.point, tuple(late.values())):
            break
        model = model.with_parameters(dict(zip(names, found.best.point.values.tolist(), strict=True)))
        logs = tuple(on_time(model, one) for one in logs)
        whole, first = likelihood(), likelihood(_FIRST) if heldout else None
        objective = Objective(whole, priors, progress, least)
        found = search(objective)
    score = None
    if first is not None:
        part = Objective(first, priors, progress, least)
        score = _held_out(whole, part, found.best.point.values, before)
    return Fit(objective, found, score, logs, model)


def _by_em(
    model: Model,
    logs: Sequence[Log],
    start_time: Time | None,
    progress: Progress | None,
    stop: Mapping[str, Any],
    given: Mapping[str, Any],
) -> EMFit:
    for name, value in given.items():
        if value is not None:
            raise ModelError(
                f'{name} has no meaning with method="em", which estimates all of Q and R. Leave it out.',
                field=name, value=value,
            )  # fmt: skip
    stop = {name: value for name, value in stop.items() if value is not None}
    return em.fit(model, logs, start_time=start_time, progress=progress, **stop)


def _stays(objective: Objective, found: Point, delays: tuple[str, ...]) -> bool:
    """Whether the delays that were found are those around which was searched, so far as the log knows them."""
    around = np.where(np.isin(objective.names, delays), objective.likelihood.values, found.values)
    return not objective.squares(found, around) > _STILL**2


def _held_out(whole: Likelihood, part: Objective, best: Any, before: float) -> HeldOut | None:
    """A second fit on the first rows, begun at the best values of the whole log, and its score on the other rows.

    before: the log-likelihood of the other rows before tuning."""
    first = part.likelihood
    rows = whole.rows - first.used_rows
    if not first.innovations or not rows:
        return None
    start = part.at(np.where(part.logs & (best == 0.0), first.values, best))
    if not np.isfinite(start.value):
        return None
    tuned = _after(whole, first, ascend(part, start).point.values)
    return HeldOut(tuned / rows, before / rows, rows)


def _after(whole: Likelihood, first: Likelihood, values: Any) -> float:
    """The log-likelihood of the rows after the first ones."""
    return whole.at(values).loglik - first.at(values).loglik


def _logs(model: Model, log: Log | Sequence[Log]) -> tuple[Log, ...]:
    logs: tuple[Any, ...] = tuple(log) if isinstance(log, Sequence) else (log,)
    if isinstance(model, Model):
        logs = tuple(map(as_log, logs))
    if not isinstance(model, Model) or not logs or not all(isinstance(one, Log) for one in logs):
        raise ModelError(
            f"tune({type(model).__name__}, {type(log).__name__}): expected a fog.Model and a fog.Log, or a list of "
            "logs. Write fog.tune(model, fog.Log.regular(z, dt=0.1)).",
            field="model" if not isinstance(model, Model) else "log",
            value=type(log if isinstance(model, Model) else model).__name__,
        )  # fmt: skip
    return tuple(on_time(model, one) for one in logs)


def _truths(truth: Any, model: Model, logs: tuple[Log, ...], alone: bool, within: float) -> list[Any]:
    """The true states of each log. alone: whether one log was given and not a list."""
    several = list(truth) if isinstance(truth, (list, tuple)) and not alone else [truth]
    if len(several) != len(logs):
        raise DataError(
            f"{counted(len(several), 'truth')} for {counted(len(logs), 'log')}: expected one for each. Pass them in a "
            "list.",
            field="truth", value=len(several),
        )  # fmt: skip
    return [truth_of(one, model, log, within) for one, log in zip(several, logs, strict=True)]


def names_of(model: Model, free: Sequence[str] | str | None) -> tuple[str, ...]:
    """The full names of the parameters to tune; free: see `tune`."""
    if not model.parameters:
        raise ModelError(
            "the model has no parameters: expected some to tune. Write them as params={'accel': 0.4} of its motion or "
            'its sensors; for free Q and R of a linear model, method="em".',
            field="free", value=free,
        )  # fmt: skip
    given = (free,) if isinstance(free, str) else free
    if given is None:
        return tuple(model.parameters)
    if not isinstance(given, Collection) or not given:
        raise ModelError.expected(
            "free", free, f"at least one of {', '.join(model.parameters)}", "Leave it out for all."
        )
    names: list[str] = []
    for name in given:
        try:
            full = full_name(name, model.parameters)
        except ModelError as refused:
            refused.field = "free"
            raise
        if full in names:
            raise ModelError(
                f"free: {full} is a duplicate: expected each parameter once. Leave one out.",
                field="free",
                value=full,
            )
        names.append(full)
    return tuple(names)
