"""What the findings of a search change when they are applied: the model, or the readings."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.data.replaced_readings import with_readings
from foglight.diagnostics.check.coloured_noise import colour_names, coloured
from foglight.diagnostics.check.health import Change
from foglight.diagnostics.check.perturbations import Perturbation
from foglight.diagnostics.check.perturbed_model import with_perturbations
from foglight.diagnostics.check.search import Attribution
from foglight.model.model import Model
from foglight.model.reading_scales import on_given_scale, on_model_scale


def change_of(
    model: Model,
    attribution: Attribution,
    perturbations: tuple[Perturbation, ...],
    suggestions: Mapping[str, float],
) -> Change | None:
    """The change that an attribution suggests.

    Suggested parameters are set; a bias and other units are taken out of the readings; a start is moved. What the model
    has no parameter for is changed in the extended model. None if that cannot be made: matrices by row.
    """
    kind, value = attribution.candidate.kind, attribution.value
    changed = [perturbations[k] for k in attribution.candidate.perturbations]
    components = list(attribution.candidate.indices)
    if suggestions:
        return lambda model, log: (model.with_parameters(dict(suggestions)), log)
    if kind == "bias":
        return _of_components(components, lambda z: z - value * changed[0].unit)
    if kind in ("sign", "units"):
        return _of_components(components, lambda z: z / (1.0 + value * changed[0].unit))
    if kind == "start":
        return lambda model, log: (_begun(model, changed[0].index, value), log)
    if model.rows:
        return None
    return lambda model, log: (_extended(model, changed, value), log)


def colour_of(component: int, rho: float, step: float) -> Change:
    """The change that gives a component coloured noise: correlated by rho over one step of the log, in seconds."""

    def applied(model: Any, log: Log) -> tuple[Any, Log]:
        chosen, rate = colour_names(model)
        return coloured(model).with_parameters(
            {chosen[component]: 1.0, rate: -float(np.log(rho)) / step}
        ), log

    return applied


def of_readings(change: Callable[[Floats], Floats]) -> Change:
    """The change of a log whose readings z (…, M) are replaced by change(z); it is given a copy."""

    def applied(model: Any, log: Log) -> tuple[Any, Log]:
        given = log.bind(model)
        before = on_model_scale(model, given)
        after = change(before.copy())
        same = (after == before) | (np.isnan(after) & np.isnan(before))
        return model, with_readings(log, model, np.where(same, given, on_given_scale(model, after)))

    return applied


def _of_components(components: list[int], of: Callable[[Floats], Floats]) -> Change:
    def changed(z: Floats) -> Floats:
        z[..., components] = of(z[..., components])
        return z

    return of_readings(changed)


def _begun(model: Model, column: int, stds: float) -> Model:
    """The model with its start moved along a column of its factor."""
    start = model.start
    assert start is not None
    U, D = start.factor
    mean = model.charts.moved(list(start.mean), list(stds * np.sqrt(D[column]) * U[:, column]))
    return model.with_start(model.motion.belief(mean, factor=(U, D), unknown=start.unknown))


def _extended(model: Model, changed: list[Perturbation], value: float) -> Model:
    """The model with perturbations of this amount, those of several components with the same factor."""
    extended = with_perturbations(model)
    neutral = extended.parameters
    factor = changed[0].unit * value  # of a gain; the same for all components of a sensor
    moved = {
        p.name: float(neutral[p.name]) + factor
        if p.kind == "gain"
        else p.parameter(float(neutral[p.name]), value)
        for p in changed
    }
    return extended.with_parameters(moved)
