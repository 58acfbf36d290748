"""`fog.tune`: the parameters that make a log most likely."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, overload

import numpy as np

from foglight.core.errors import DataError, ModelError
from foglight.core.text import counted
from foglight.data.log import Log
from foglight.diagnostics.truth import truth_of
from foglight.inference.likelihood import Likelihood
from foglight.methods import registry
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.model.parameters import full_name
from foglight.tuning import em
from foglight.tuning.em import EMFit
from foglight.tuning.fit import Fit
from foglight.tuning.initial_guess import begin
from foglight.tuning.objective import Objective, Progress
from foglight.tuning.optimum import HeldOut
from foglight.tuning.zero_variance import ascend

_FIRST = 0.8  # of the rows, for the fit that is scored on the others


@overload
def tune(
    model: Model,
    log: Log | Sequence[Log],
    free: Sequence[str] | str | None = None,
    *,
    method: Method | None = None,
    priors: Mapping[str, Any] | None = None,
    truth: Any = None,
    start_time: float | None = None,
    heldout: bool = True,
    progress: Progress | None = None,
) -> Fit: ...


@overload
def tune(
    model: Model,
    log: Log | Sequence[Log],
    free: None = None,
    *,
    method: Literal["em"],
    start_time: float | None = None,
    heldout: bool = True,
    progress: Progress | None = None,
    iterations: int | None = None,
    tolerance: float | None = None,
) -> EMFit: ...


def tune(
    model: Model,
    log: Log | Sequence[Log],
    free: Sequence[str] | str | None = None,
    *,
    method: Method | str | None = None,
    priors: Mapping[str, Any] | None = None,
    truth: Any = None,
    start_time: float | None = None,
    heldout: bool = True,
    progress: Progress | None = None,
    iterations: int | None = None,
    tolerance: float | None = None,
) -> Fit | EMFit:
    """The parameters with the largest likelihood: maximum likelihood by the exact gradient of the filter itself.

    log: one, or several that share the parameters.  free: names, full or bare, of the parameters to tune; None means
    all.  method: the filter, KF(), EKF() (default), UKF(), CKF(), without a gate unless there is truth; or "em", for Q
    and R of a `fog.linear_model`, full matrices instead of parameters (`foglight.tuning.em`).  priors: {name: (mean,
    std)} of the parameter, or of its logarithm where it is bounded below by 0; the estimate is then the most probable
    one.  truth: the true states, an array or {state: column}, for a list of logs a list; then the density of the truth
    under the filtered belief is maximised, and intervals take the errors of successive rows for independent.
    start_time: as in `fog.run`.  heldout: also fit on the first 80 % of the rows and score the others.  progress:
    called with the rows filtered.  iterations, tolerance: of "em" alone, which holds nothing out.
    The values in the model are where the search begins, at several scales; they need not be good.
    Raises ModelError, DataError, and NumericalError where the filter breaks wherever it begins.

    >>> fit = fog.tune(model, log, free=("accel", "range_std"))
    >>> fit.params, fit.std_errors, fit.model
    """
    logs = _logs(model, log)
    if isinstance(method, str) and method == "em":
        stop = {"iterations": iterations, "tolerance": tolerance}
        return _by_em(
            model, logs, start_time, progress, stop, {"free": free, "priors": priors, "truth": truth}
        )
    for name, value in (("iterations", iterations), ("tolerance", tolerance)):
        if value is not None:
            raise ModelError(
                f'{name} = {value!r}: expected it with method="em" only, for a likelihood is climbed to its top. Leave '
                "it out.",
                field=name, value=value,
            )  # fmt: skip
    names = names_of(model, free)
    method = EKF() if method is None else registry.checked(method, also='"em"')
    if method.gate and truth is None:
        raise ModelError(
            f"method = {method!r}: what a gate leaves out adds nothing to the likelihood, so that leaving out more "
            "would look better. Expected a method without. Tune with huber=3 in its place, and run with the gate.",
            field="method", value=repr(method),
        )  # fmt: skip
    known = None if truth is None else _truths(truth, model, logs, isinstance(log, Log))
    likelihood = Likelihood(model, logs, method, names, start_time, truth=known)
    if not likelihood.innovations:
        raise DataError(
            "the log has no reading at all: expected some to tune by. Check its columns.",
            field="log",
            value=0,
        )
    objective = Objective(likelihood, priors, progress)
    ascent = ascend(objective, begin(objective, likelihood.values))
    if not ascent.converged:  # a curved model far from its data: look around before climbing
        again = ascend(objective, begin(objective, likelihood.values, thorough=True))
        ascent = max(ascent, again, key=lambda found: (found.converged, found.point.value))
    held = None
    if heldout:
        before = Likelihood(model, logs, method, names, start_time, share=_FIRST, truth=known)
        held = _held_out(likelihood, Objective(before, priors, progress), ascent.point.values)
    return Fit(objective, ascent, held, logs)


def _by_em(
    model: Model,
    logs: Sequence[Log],
    start_time: float | None,
    progress: Progress | None,
    stop: Mapping[str, Any],
    given: Mapping[str, Any],
) -> EMFit:
    for name, value in given.items():
        if value is not None:
            raise ModelError(
                f'{name} has no meaning for method="em", which fills Q and R as a whole. Leave it out.',
                field=name, value=value,
            )  # fmt: skip
    stop = {name: value for name, value in stop.items() if value is not None}
    return em.fit(model, logs, start_time=start_time, progress=progress, **stop)


def _held_out(whole: Likelihood, part: Objective, best: Any) -> HeldOut | None:
    """A second fit on the first rows, from the whole log's, and its score on the others."""
    first = part.likelihood
    rows = whole.rows - first.used_rows
    if not first.innovations or not rows:
        return None
    start = part.at(np.where(part.logs & (best == 0.0), first.values, best))
    if not np.isfinite(start.value):
        return None
    found = ascend(part, start).point.values
    scores = [(whole.at(v).loglik - first.at(v).loglik) / rows for v in (found, whole.values)]
    return HeldOut(scores[0], scores[1], rows)


def _logs(model: Model, log: Log | Sequence[Log]) -> tuple[Log, ...]:
    logs = (log,) if isinstance(log, Log) else tuple(log) if isinstance(log, Sequence) else ()
    if not isinstance(model, Model) or not logs or not all(isinstance(one, Log) for one in logs):
        raise ModelError(
            f"tune({type(model).__name__}, {type(log).__name__}): expected a fog.Model and a fog.Log, or a list of "
            "logs. Write fog.tune(model, fog.Log.regular(z, dt=0.1)).",
            field="model" if not isinstance(model, Model) else "log",
            value=type(log if isinstance(model, Model) else model).__name__,
        )  # fmt: skip
    return logs


def _truths(truth: Any, model: Model, logs: tuple[Log, ...], alone: bool) -> list[Any]:
    """That of each log. alone: one log was given, not a list of logs."""
    several = list(truth) if isinstance(truth, (list, tuple)) and not alone else [truth]
    if len(several) != len(logs):
        raise DataError(
            f"{counted(len(several), 'truth')} for {counted(len(logs), 'log')}: expected one for each. Pass a list of "
            "them.",
            field="truth", value=len(several),
        )  # fmt: skip
    return [truth_of(one, model, log) for one, log in zip(several, logs, strict=True)]


def names_of(model: Model, free: Sequence[str] | str | None) -> tuple[str, ...]:
    """The full names of the parameters to tune, as `free` of `tune` says them."""
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
        raise ModelError(
            f"free = {free!r}: expected at least one of {', '.join(model.parameters)}. Leave it out for all.",
            field="free", value=free,
        )  # fmt: skip
    names: list[str] = []
    for name in given:
        try:
            full = full_name(name, model.parameters)
        except ModelError as refused:
            refused.field = "free"
            raise
        if full in names:
            raise ModelError(
                f"free: {full} stands there twice. Name each parameter once.", field="free", value=full
            )
        names.append(full)
    return tuple(names)
