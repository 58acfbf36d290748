"""Structural time series models: a series as the sum of components, each of which can be looked at by itself.

    z = level + seasons + cycle + autoregression + Σ coefficient · input + ε,   ε ~ N(0, irregular_std²)

Harvey 1989, ch. 2; Durbin & Koopman 2012, ch. 3. A row of the log is one step of the series, however long it lasts.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.model import noise
from foglight.model.box_cox import scale_of
from foglight.model.model import MOTION, Model, Motion
from foglight.model.parametric_start import ParametricStart
from foglight.model.series.autoregression import autoregression_of
from foglight.model.series.component import Component
from foglight.model.series.cycle import cycle_of
from foglight.model.series.intervention import Intervention, interventions_of
from foglight.model.series.regression import coefficients, regression_of
from foglight.model.series.seasonal import Fourier, seasons_of
from foglight.model.series.sensors import names_of, offsets_of, sensors_of
from foglight.model.series.trend import trend_of
from foglight.trace.named_vector import Vector

__ready_made__ = True  # errors show lines of these functions, as they do for a user's own

Season = float | Fourier


def structural(
    series: str | Sequence[str] = "series",
    *,
    level: str | None = "random",
    trend: str | None = None,
    seasonal: Season | Sequence[Season] | Mapping[Season, str] | None = None,
    cycle: tuple[float, float] | None = None,
    damped: bool = True,
    autoregressive: int = 0,
    regression: str | Sequence[str] = (),
    tvp: bool = False,
    intervention: Intervention | Sequence[Intervention] = (),
    irregular: bool = True,
    log: bool = False,
    boxcox: float | None = None,
) -> Model:
    """A series as the sum of a level, seasons, a cycle, regressions and noise: a structural time series model.

    Each row of the log is one step, whatever the time between the rows; a missing period is a row without a reading.
    The standard deviations are 1 until `fog.tune` finds them, on a series of any scale. Nothing is known of the states
    at the start, but for a damped cycle and an autoregression, which begin with their own variance.

    Parameters
    ----------
    series : str or sequence of str, default "series"
        Name of the series: of its column in the log, and of the sensor in the model. Several series share all parts:
        each further one is `loading` times the sum of the parts, a parameter of its sensor, and has an offset of its
        own, a constant state such as `sweden_offset`.
    level : {"random", "fixed", None}, default "random"
        Whether the level is a random walk or a constant; None for none, around 0.
    trend : {"random", "fixed", "smooth", None}, default None
        Whether the level has a slope, and of which kind: a random walk, a constant, or one that is random while the
        level has no noise of its own.
    seasonal : int, Fourier, sequence or dict, default None
        The number of rows after which a pattern repeats, such as 12, or what `fog.fourier` returns; several of them in
        a tuple. The pattern changes slowly; a dict {12: "fixed"} says that it does not.
    cycle : tuple of two float, default None
        The shortest and the longest period of a cycle, in rows.
    damped : bool, default True
        Whether the cycle forgets its past. If not, it is a sine whose amplitude and phase wander.
    autoregressive : int, default 0
        The order of a stationary autoregression.
    regression : str or sequence of str, default ()
        Inputs of the series: columns of the log, known in every row.
    tvp : bool, default False
        Whether the coefficients of the regression are random walks.
    intervention : Intervention or sequence of Intervention, default ()
        What `fog.intervention` returns: a step, pulse or ramp at a date or row.
    irregular : bool, default True
        Whether there is noise beside the components.
    log : bool, default False
        Whether the logarithm of the series is that sum, so that the series is a product: for one that grows in
        proportion to its size. All readings are then > 0.
    boxcox : float, optional
        The sum is (series**boxcox - 1) / boxcox, a scale between the logarithm, 0, and that of the series, 1; >= 0.

    Returns
    -------
    Model
        A linear model with named states: level, slope, season_1, …, cycle, cycle_star, ar_1, …, and the coefficients,
        which have the names of their inputs. The parameters of its motion are the standard deviations level_std,
        slope_std, season_std and so on, of the disturbance in a row. cycle_std and ar_std are those of the whole
        component, unless the cycle is not damped. There are cycle_period, cycle_damping, and the partial
        autocorrelations ar_partial_1, …. The parameter of the sensor is irregular_std. With log or boxcox, states and
        standard deviations are on that scale. The log-likelihood is that of the readings as they are, in any unit, so
        that AIC may compare models with and without it; and forecasts are in their unit.

    Raises
    ------
    ModelError
        If an argument is invalid, two components have a state of one name, or nothing is random.

    Notes
    -----
    Harvey 1989, ch. 2; Durbin & Koopman 2012, ch. 3; the scales of Box & Cox 1964, their likelihood in eq. 8.

    Examples
    --------
    >>> model = fog.structural("passengers", trend="fixed", seasonal=4)
    >>> model.state
    ('level', 'slope', 'season_1', 'season_2', 'season_3')
    >>> model.parameters
    {'motion.level_std': 1.0, 'motion.season_std': 1.0, 'passengers.irregular_std': 1.0}
    """
    all_series, events, scale = names_of(series), interventions_of(intervention), scale_of(log, boxcox)
    names = tuple(event.name for event in events)
    found = [
        trend_of(level, trend),
        *seasons_of(seasonal),
        cycle_of(cycle, damped),
        autoregression_of(autoregressive),
        regression_of(regression, tvp),
        coefficients(names, varying=False) if names else None,
        offsets_of(all_series),
    ]
    components = [component for component in found if component is not None]
    if not isinstance(irregular, bool):
        raise ModelError.expected("irregular", irregular, "True or False", "Leave it out for True.")
    _check(all_series, components, irregular)
    return Model(
        _motion(components),
        sensors_of(all_series, components, irregular, scale),
        start=None,
        parametric_start=_start(components),
        interventions=events,
        seasons={component.name: component.period for component in components if component.period},
        derived=_derived(components),
    )


def _check(names: tuple[str, ...], components: list[Component], irregular: bool) -> None:
    if not components:
        raise ModelError(
            "level = None: the series has no component, only noise: expected at least one. Write level='fixed'.",
            field="level", value=None,
        )  # fmt: skip
    if not irregular and not any(component.disturbed for component in components):
        raise ModelError(
            "irregular = False: nothing of the series is random, so no reading could differ from its prediction: "
            "expected a random component. Write irregular=True, or level='random'.",
            field="irregular", value=False,
        )  # fmt: skip
    states = _states(components)
    for component in components:
        for name in component.controls:
            if name in names or states.count(name) > 1:
                raise ModelError(
                    f"{name!r} is the name of a series or of another state: expected a name of its own for each "
                    "regressor and intervention. Rename it.",
                    field="regression", value=name,
                )  # fmt: skip


def _states(components: list[Component]) -> tuple[str, ...]:
    return tuple(state for component in components for state in component.states)


def _motion(components: list[Component]) -> Motion:
    return Motion(
        _states(components),
        dynamics=lambda x, dt, p: [value for component in components for value in component.dynamics(x, p)],
        noise=lambda x, dt, p: noise.stack(*[component.covariance(p) for component in components]),
        params={name: value for component in components for name, value in component.params.items()},
        groups={component.name: component.states for component in components if component.name},
    )


def _start(components: list[Component]) -> ParametricStart | None:
    """What is known at the start; None where nothing is."""
    known = [component for component in components if component.start is not None]
    if not known:
        return None
    names = tuple(f"{MOTION}.{name}" for component in known for name in component.params)
    states = _states(components)
    free = [component.start is None for component in components for _ in component.states]
    return ParametricStart(
        names, states, lambda values: _factor(components, _own(known, values)), np.eye(len(states))[:, free]
    )


def _derived(components: list[Component]) -> Callable[[Mapping[str, float]], dict[str, float]] | None:
    """What the parameters of the components stand for."""
    found = [component for component in components if component.derived is not None]
    if not found:
        return None

    def derived(values: Mapping[str, float]) -> dict[str, float]:
        p = _own(found, values)
        return {
            name: value
            for component in found
            if component.derived is not None
            for name, value in component.derived(p).items()
        }

    return derived


def _own(components: list[Component], values: Mapping[str, float]) -> Vector:
    """The parameters of these components by their own names."""
    names = tuple(name for component in components for name in component.params)
    return Vector(names, [values[f"{MOTION}.{name}"] for name in names], "parameter")


def _factor(components: list[Component], p: Vector) -> tuple[Array, Array]:
    """U and D of what is known at the start: only of the components that have a start of their own."""
    n = sum(len(component.states) for component in components)
    U, D, first = np.eye(n, dtype=object), np.full(n, 0.0, dtype=object), 0
    for component in components:
        at = slice(first, first + len(component.states))
        if component.start is not None:
            U[at, at], D[at] = component.start(p)
        first = at.stop
    return U, D
