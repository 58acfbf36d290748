"""Options of every method against outliers: a gate, a bound on their influence, recovery."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from foglight.core.errors import ModelError

Each = float | Mapping[str, float]  # one number for every sensor, or {sensor: number}


class Thresholds(NamedTuple):
    """The guards of one sensor with m components. gates, bounds: the largest NIS of 1 to m used components that is
    accepted, and that has its full influence; empty if there is none. recover: seconds."""

    gates: tuple[float, ...]
    bounds: tuple[float, ...]
    recover: float


@dataclass(frozen=True, kw_only=True, repr=False)
class Guards:
    """The options of every method against outliers; by default nothing is guarded.

    gate: a probability in (0, 1), or {sensor: probability}. A reading whose NIS exceeds the χ² quantile of that
    probability, for its number of components, is rejected: Status.GATED.
    huber: a bound k > 0 in standard deviations, or {sensor: bound}. A reading farther off has the influence of one at
    the bound: its noise is inflated to R + (1/w - 1) S, so that the gain is w K, with w = bound/distance. For m
    components the bound is the distance that a good reading exceeds as rarely as one component exceeds k. NIS and
    innovation stay those of the plain prediction; the log-likelihood is that of the inflated noise: it falls linearly
    with the distance, not with its square. Huber 1964; Masreliez & Martin 1977. With a gate as well, the gate decides
    first.
    recover: seconds. Once all readings of a gated sensor have been rejected for this long, the next rejected one widens
    the belief until it fits: Status.RESET. math.inf: never.
    Raises ModelError for numbers outside these ranges, and for sensors that the model does not have.
    """

    gate: Each | None = field(default=None, hash=False)
    huber: Each | None = field(default=None, hash=False)
    recover: float = 1.0
    directions: ClassVar[int] = 0  # unknown directions that are carried; see foglight.methods.diffuse_start

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "gate", _each(self.gate, "gate", "a probability above 0 and below 1", "0.999", 1.0))
        put(self, "huber", _each(self.huber, "huber", "standard deviations above 0", "1.5", math.inf))
        if not (_number(self.recover) and self.recover > 0.0):
            raise ModelError.expected(
                "recover", self.recover, "seconds above 0", "Write recover=1.0, or math.inf for never."
            )
        put(self, "recover", float(self.recover))

    def __repr__(self) -> str:
        """The method as a user would write it: EKF(), UKF(alpha=0.5)."""
        usual = type(self)().options()
        changed = {k: v for k, v in self.options().items() if v != usual.get(k)}
        changed |= {k: v for k in _DEFAULTS if (v := getattr(self, k)) != _DEFAULTS[k]}
        shown = [f"{k}={dict(v) if isinstance(v, Mapping) else v!r}" for k, v in changed.items()]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __getstate__(self) -> dict[str, Any]:
        state = vars(self).items()
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in state}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, MappingProxyType(value) if isinstance(value, dict) else value)

    def with_guards(self, **changes: Any) -> Self:
        """The same method with another gate, huber or recover."""
        return replace(self, **changes)

    def options(self) -> dict[str, Any]:
        """The options that repr shows before the guards."""
        return {}

    def gated(self, sensors: Iterable[str]) -> tuple[str, ...]:
        """Those of these sensors that have a gate, in this order; for each a clock is carried."""
        return tuple(sensor for sensor in sensors if _of(self.gate, sensor) is not None)

    def thresholds(self, sensor: str, size: int) -> Thresholds:
        """The guards of a sensor with `size` components."""
        gate, bound = _of(self.gate, sensor), _of(self.huber, sensor)
        if gate is None and bound is None:
            return Thresholds((), (), self.recover)
        from scipy.special import erfc, gammainccinv, gammaincinv

        halves = [0.5 * (k + 1) for k in range(size)]  # of the degrees of freedom
        # χ²: P(NIS <= t) is the regularised gamma function of k/2 and t/2.
        gates = [] if gate is None else [2.0 * gammaincinv(half, gate) for half in halves]
        beyond = None if bound is None else erfc(bound / math.sqrt(2.0))
        bounds = [] if beyond is None else [2.0 * gammainccinv(half, beyond) for half in halves]
        if 0.0 in bounds:
            raise ModelError(
                f"huber = {bound!r}: too small to distinguish from 0, expected standard deviations. Write huber=1.5.",
                field="huber",
                value=bound,
            )
        return Thresholds(tuple(map(float, gates)), tuple(map(float, bounds)), self.recover)

    def check_sensors(self, names: Iterable[str]) -> None:
        """ModelError unless every sensor named in gate and huber has one of these names."""
        known = tuple(names)
        for option in ("gate", "huber"):
            given = getattr(self, option)
            for name in given if isinstance(given, Mapping) else ():
                if name not in known:
                    raise ModelError(
                        f"{option}[{name!r}]: the model has no such sensor. Expected {', '.join(known)}. Rename it.",
                        field=option,
                        index=name,
                        value=name,
                    )


_DEFAULTS = {option.name: option.default for option in fields(Guards)}


def _each(value: Any, option: str, expected: str, example: str, below: float) -> Any:
    """One number, or numbers by sensor in the order of their names; None if no sensor has one."""
    if value is None or (_number(value) and 0.0 < value < below):
        return value if value is None else float(value)
    if not isinstance(value, Mapping):
        raise ModelError.expected(
            option, value, f"{expected}, or {{sensor: number}}", f"Write {option}={example}."
        )
    for name, number in value.items():
        if not isinstance(name, str) or not (_number(number) and 0.0 < number < below):
            raise ModelError.expected(
                option, number, f"{expected}", f"Write {option}={{'radar': {example}}}.", index=name
            )
    return MappingProxyType({name: float(value[name]) for name in sorted(value)}) if value else None


def _of(option: Each | None, sensor: str) -> float | None:
    return option.get(sensor) if isinstance(option, Mapping) else option


def _number(value: Any) -> bool:
    return (
        isinstance(value, (int, float, np.number))
        and not isinstance(value, (bool, np.timedelta64))
        and not math.isnan(value)
    )
