"""The option `adapt` of every method: which noises are estimated while the filter runs, and how fast."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from foglight.core.checks import is_number
from foglight.core.errors import ModelError

_LEAST = 0.5  # the smallest forgetting: up to here a scale stays positive whatever is read
_RARELY = 0.01  # how often a good reading is beyond the bound on what it adds to a scale


class Adaptation(NamedTuple):
    """Which noises are scaled by what the innovations say. Made by `adapt`. sensors: None for all of them."""

    sensors: tuple[str, ...] | None
    motion: bool
    forgetting: float
    bounds: tuple[float, float]

    def __repr__(self) -> str:
        given = (
            []
            if self.sensors is None
            else [repr(self.sensors[0] if len(self.sensors) == 1 else list(self.sensors))]
        )
        given += [] if self.motion else ["motion=False"]
        given += [
            f"{name}={value!r}"
            for name, value, usual in (
                ("forgetting", self.forgetting, FORGETTING),
                ("bounds", self.bounds, BOUNDS),
            )
            if value != usual
        ]
        return f"adapt({', '.join(given)})"

    @property
    def share(self) -> float:
        """The share of a new reading in an estimate."""
        return 1.0 - self.forgetting


FORGETTING, BOUNDS = 0.98, (0.01, 100.0)


def adapt(
    sensor: str | Sequence[str] | None = None,
    *,
    motion: bool = True,
    forgetting: float = FORGETTING,
    bounds: tuple[float, float] = BOUNDS,
) -> Adaptation:
    """Estimate noises while the filter runs: R of sensors, and Q of the motion, each up to a factor.

    The filter multiplies the R of a sensor, and the Q of the motion, by a scale that begins at 1 and follows the
    innovations: their size for R, their correlation in time for Q. The scales after each row are in `run.adapted`.

    Parameters
    ----------
    sensor : str or sequence of str, default None
        The sensors whose R is scaled; None for all, an empty list for none. The components of a sensor share a scale.
    motion : bool, default True
        Whether Q is scaled, too. With False, a Q that is too small is taken for measurement noise, and the estimate
        may lag far behind.
    forgetting : float, default 0.98
        From 0.5 to below 1: how much of an estimate remains after one reading, so that 1/(1 - forgetting) readings are
        remembered. A scale then varies by about √(1 - forgetting) of itself, at any sample rate.
    bounds : tuple of float, default (0.01, 100.0)
        The smallest and the largest scale of a variance; the largest scale of a standard deviation is its root.

    Returns
    -------
    Adaptation
        For ``adapt=`` of KF, EKF, UKF and CKF, alone or in a list with others.

    Raises
    ------
    ModelError
        If an argument is out of range.

    Notes
    -----
    Equations and sources: `foglight.equations.adaptive`. The mean of a scale of R is below the truth by less than
    2 (1 - forgetting) of it; that of Q was 1 % to 7 % below, as measured with the default. A reading that a gate
    rejects changes no scale.

    Examples
    --------
    >>> run = fog.run(model, log, method=fog.EKF(adapt=fog.adapt("radar")))
    >>> sorted(run.adapted)
    ['motion', 'radar']
    """
    sensors = _sensors(sensor)
    if not isinstance(motion, bool):
        raise ModelError.expected("motion", motion, "True or False", "Leave it out for True.")
    if not (is_number(forgetting) and _LEAST <= forgetting < 1.0):
        raise ModelError.expected(
            "forgetting",
            forgetting,
            f"a number from {_LEAST} to below 1",
            f"Write forgetting={FORGETTING} to remember about 50 readings.",
        )
    if sensors == () and not motion:
        raise ModelError.expected(
            "sensor", sensor, "a sensor, since motion=False leaves nothing to adapt", "Leave motion out."
        )
    return Adaptation(sensors, motion, float(forgetting), _bounds(bounds))


def _sensors(sensor: Any) -> tuple[str, ...] | None:
    if sensor is None:
        return None
    names = [sensor] if isinstance(sensor, str) else sensor
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise ModelError.expected("sensor", sensor, "the name of a sensor, or a list", "Write sensor='gps'.")
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ModelError(
                f"sensor[{index}] = {name!r}: expected each sensor once, and this is a duplicate. Leave one out.",
                field="sensor",
                index=index,
                value=name,
            )
    return tuple(names)


def _bounds(bounds: Any) -> tuple[float, float]:
    pair = tuple(bounds) if isinstance(bounds, (list, tuple)) else ()
    if not (
        len(pair) == 2 and all(is_number(b) for b in pair) and 0.0 < pair[0] <= 1.0 <= pair[1] < math.inf
    ):
        raise ModelError.expected(
            "bounds",
            bounds,
            "two numbers, the first above 0 and up to 1, the second 1 or more, between which a scale stays",
            f"Write bounds={BOUNDS}.",
        )
    return float(pair[0]), float(pair[1])


def checked(value: Any) -> tuple[Adaptation, ...]:
    """The option `adapt` of a method, one or several, as a tuple. ModelError if two of them contradict each other."""
    given = () if value is None else (value,) if isinstance(value, Adaptation) else value
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, Adaptation) for one in given):
        raise ModelError.expected(
            "adapt", value, "fog.adapt(…), or a list of them", "Write adapt=fog.adapt('gps')."
        )
    for index, one in enumerate(given):
        for other in given[:index]:
            _check_pair(index, one, other)
    return tuple(given)


def _check_pair(index: int, one: Adaptation, other: Adaptation) -> None:
    shared: tuple[str, ...]
    if one.sensors is None or other.sensors is None:
        shared = () if () in (one.sensors, other.sensors) else ("every sensor",)
    else:
        shared = tuple(name for name in one.sensors if name in other.sensors)
    if shared:
        raise ModelError(
            f"adapt[{index}] = {one!r}: expected each sensor once, and {shared[0]} is in {other!r}. Name the others.",
            field="adapt",
            index=index,
            value=repr(one),
        )
    if one.motion and other.motion and (one.forgetting, one.bounds) != (other.forgetting, other.bounds):
        raise ModelError(
            f"adapt[{index}] = {one!r}: expected one speed and one pair of bounds for the motion, and {other!r} has "
            "others. Write motion=False in one of them.",
            field="adapt",
            index=index,
            value=repr(one),
        )


def restored(data: Any) -> Adaptation:
    """The adaptation that was saved as a list of its fields. ModelError for content that none would have."""
    sensors, motion, forgetting, bounds = data
    return adapt(sensors, motion=motion, forgetting=forgetting, bounds=bounds)


def of_sensor(adapt: tuple[Adaptation, ...], sensor: str) -> Adaptation | None:
    """How the noise of a sensor is adapted; None if it is not."""
    return next((one for one in adapt if one.sensors is None or sensor in one.sensors), None)


def of_motion(adapt: tuple[Adaptation, ...]) -> Adaptation | None:
    """How the noise of the motion is adapted; None if it is not."""
    return next((one for one in adapt if one.motion), None)


def check_sensors(adapt: tuple[Adaptation, ...], names: Sequence[str]) -> None:
    """ModelError unless every sensor that is named has one of these names."""
    for name in (name for one in adapt for name in one.sensors or ()):
        if name not in names:
            raise ModelError(
                f"adapt: the model has no sensor {name!r}. Expected {', '.join(names)}. Rename it.",
                field="adapt",
                value=name,
            )


class Influence(NamedTuple):
    """What a reading with 1 to m used components may add to a scale.

    bounds: b, the NIS from which it adds no more. means: c, the mean of min(NIS, b) of a good reading per component.
    slope: β, the same bound as standard deviations of a single number.
    """

    bounds: tuple[float, ...]
    means: tuple[float, ...]
    slope: float


def influence(size: int, gates: Iterable[float]) -> Influence:
    """For a sensor with `size` components and these gates, empty if there is none.

    Of X ~ χ²_m, E[X; X < t] = m P(χ²_m+2 < t); behind a gate g only X < g is accepted.
    """
    from scipy.special import gammainc, gammainccinv

    limits, bounds, means = [*gates] or [math.inf] * size, [], []
    for m, g in zip(range(1, size + 1), limits, strict=True):
        b = min(2.0 * gammainccinv(0.5 * m, _RARELY), g)
        accepted = gammainc(0.5 * m, 0.5 * g)
        beyond = accepted - gammainc(0.5 * m, 0.5 * b)
        bounds.append(float(b))
        means.append(float((m * gammainc(0.5 * m + 1.0, 0.5 * b) + b * beyond) / (m * accepted)))
    return Influence(tuple(bounds), tuple(means), math.sqrt(2.0 * float(gammainccinv(0.5, _RARELY))))
