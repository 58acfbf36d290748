"""Options of every method: a gate, two kinds of bounds on outliers, recovery, and noises that are adapted."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from foglight.core.errors import ModelError
from foglight.methods import adaptation
from foglight.methods.adaptation import Adaptation

Each = float | Mapping[str, float]  # one number for every sensor, or {sensor: number}


class Thresholds(NamedTuple):
    """The guards of one sensor with m components.

    gates, bounds: the largest NIS of 1 to m used components that is accepted, and that has its full influence; empty if
    there is none. dof: the degrees of freedom ν of its innovation; None if that is Gaussian. doubted: with dof, the NIS
    of 1 to m used components at which a reading counts half, (ν + m)/(ν + NIS) = ½; else empty. recover: seconds.
    share: the largest share of rejected readings that is put down to the sensor, and not to the filter.
    """

    gates: tuple[float, ...] = ()
    bounds: tuple[float, ...] = ()
    dof: float | None = None
    doubted: tuple[float, ...] = ()
    recover: float = math.inf
    share: float = 0.5


@dataclass(frozen=True, kw_only=True, repr=False)
class Guards:
    """The options of every method; by default nothing is guarded, and no noise is adapted.

    gate: a probability in (0, 1), or {sensor: probability}. A reading whose NIS exceeds the χ² quantile of that
    probability, for its number of components, is rejected: Status.GATED.
    huber: a bound k > 0 in standard deviations, or {sensor: bound}. A reading farther off has the influence of one at
    the bound: its noise is inflated to R + (1/w - 1) S, so that the gain is w K, with w = bound/distance. For m
    components the bound is the distance that a good reading exceeds as rarely as one component exceeds k. NIS and
    innovation stay those of the plain prediction; the log-likelihood is that of the inflated noise: it falls linearly
    with the distance, not with its square. Huber 1964; Masreliez & Martin 1977. With a gate as well, the gate decides
    first.
    student: degrees of freedom ν >= 1, or {sensor: number}. The innovation has a Student-t distribution with the scale
    S. A reading counts with the weight w = (ν + m)/(ν + NIS), at most 1: the farther off it is, the less, so that one
    far off has almost no influence. Again its noise is inflated so that the gain is w K; innovation, S and NIS are
    those of the plain prediction, and the log-likelihood is that of the t distribution. Masreliez 1975. With a gate as
    well, the gate decides first. One sensor cannot have both bounds.
    recover: seconds. Once all readings of a gated sensor have been rejected for this long, and in a run that its
    outliers do not explain, the next rejected one widens the belief along what the sensor sees, until it fits:
    Status.RESET. An accepted reading of another sensor that sees the same ends the run. math.inf: never. See
    `compiler.recovery`.
    adapt: which noises are estimated while the filter runs, one or several `fog.adapt(…)`; None for none.
    Raises ModelError for numbers outside these ranges, and for sensors that the model does not have.
    """

    gate: Each | None = field(default=None, hash=False)
    huber: Each | None = field(default=None, hash=False)
    student: Each | None = field(default=None, hash=False)
    recover: float = math.inf
    adapt: Adaptation | Sequence[Adaptation] | None = None
    directions: ClassVar[int] = 0  # unknown directions that are carried; see foglight.methods.diffuse_start
    delayed: ClassVar[bool] = False  # whether these are a regression at first

    def __post_init__(self) -> None:
        put = object.__setattr__
        for option, (expected, example, accepts) in _RANGES.items():
            put(self, option, _each(getattr(self, option), option, expected, example, accepts))
        self._check_bounds()
        if not (_number(self.recover) and self.recover > 0.0):
            raise ModelError.expected(
                "recover", self.recover, "seconds above 0", "Write recover=1.0, or math.inf for never."
            )
        put(self, "recover", float(self.recover))
        several = adaptation.checked(self.adapt)
        put(self, "adapt", several[0] if len(several) == 1 else several or None)

    def _check_bounds(self) -> None:
        """ModelError if a sensor has both bounds on the influence of its readings."""
        given = [option for option in (self.huber, self.student) if option is not None]
        named = [set(option) for option in given if isinstance(option, Mapping)]
        shared = set.intersection(*named) if named else {None}
        if len(given) == 2 and shared:
            index = min(shared, key=str)
            raise ModelError.expected(
                "student",
                self.student if index is None else of_sensor(self.student, index),
                "no huber= for the same sensor, since each bounds the influence of its readings",
                "Keep one of them.",
                index=index,
            )

    def __repr__(self) -> str:
        """The method as a user would write it: EKF(), UKF(alpha=0.5)."""
        kind: Any = type(self)
        usual = _usual(kind)
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
        """The same method with some guards changed."""
        return replace(self, **changes)

    def options(self) -> dict[str, Any]:
        """The options that repr shows before the guards."""
        return {}

    @property
    def guards(self) -> dict[str, Any]:
        """The guards as arguments for another method."""
        return {option: getattr(self, option) for option in _DEFAULTS}

    @property
    def adaptations(self) -> tuple[Adaptation, ...]:
        """Which noises are adapted, as a tuple."""
        return adaptation.checked(self.adapt)

    def gated(self, sensors: Iterable[str]) -> tuple[str, ...]:
        """Those of these sensors that have a gate, in this order."""
        return tuple(sensor for sensor in sensors if of_sensor(self.gate, sensor) is not None)

    def thresholds(self, sensor: str, size: int) -> Thresholds:
        """The guards of a sensor with `size` components."""
        gate, bound, dof = (of_sensor(option, sensor) for option in (self.gate, self.huber, self.student))
        if gate is None and bound is None and dof is None:
            return Thresholds()
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
        return Thresholds(
            gates=tuple(map(float, gates)),
            bounds=tuple(map(float, bounds)),
            dof=dof,
            doubted=() if dof is None else tuple(dof + 2.0 * (k + 1) for k in range(size)),
            recover=math.inf if gate is None else self.recover,
            share=0.5 if gate is None else max(0.5, 1.0 - gate),
        )

    def check_sensors(self, names: Iterable[str]) -> None:
        """ModelError unless every sensor named in the guards has one of these names."""
        known = tuple(names)
        adaptation.check_sensors(self.adaptations, known)
        for option in _RANGES:
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
# Of each guard that sensors may have of their own: what is expected, an example, and which numbers are accepted.
_RANGES: dict[str, tuple[str, str, Callable[[float], bool]]] = {
    "gate": ("a probability above 0 and below 1", "0.999", lambda value: 0.0 < value < 1.0),
    "huber": ("standard deviations above 0", "1.5", lambda value: 0.0 < value < math.inf),
    "student": ("degrees of freedom, 1 or more", "4", lambda value: 1.0 <= value < math.inf),
}


def _each(value: Any, option: str, expected: str, example: str, accepts: Callable[[float], bool]) -> Any:
    """One number, or numbers by sensor in the order of their names; None if no sensor has one."""
    if value is None or (_number(value) and accepts(value)):
        return value if value is None else float(value)
    if not isinstance(value, Mapping):
        raise ModelError.expected(
            option, value, f"{expected}, or {{sensor: number}}", f"Write {option}={example}."
        )
    for name, number in value.items():
        if not isinstance(name, str) or not (_number(number) and accepts(number)):
            raise ModelError.expected(
                option, number, f"{expected}", f"Write {option}={{'radar': {example}}}.", index=name
            )
    return MappingProxyType({name: float(value[name]) for name in sorted(value)}) if value else None


@cache
def _usual(kind: type[Guards]) -> dict[str, Any]:
    """The options of a method of which none was given."""
    return kind().options()


def of_sensor(option: Each | None, sensor: str) -> float | None:
    """A guard of one sensor; None if it has none."""
    return option.get(sensor) if isinstance(option, Mapping) else option


def _number(value: Any) -> bool:
    return (
        isinstance(value, (int, float, np.number))
        and not isinstance(value, (bool, np.timedelta64))
        and not math.isnan(value)
    )
