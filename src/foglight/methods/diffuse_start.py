"""A method while part of the start is unknown: its own equations, combined with those for unknown directions.

Sigma points at a number of standard deviations have no meaning in an unknown direction, so the functions are
linearised, also in the UKF and the CKF. Once no unknown direction is left, the method uses its own equations. Both are
computed and one is selected, so that the step has no branches and later rows equal those of the ordinary step bit for
bit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from foglight.core.types import Array
from foglight.equations import delayed, diffuse, extended, gaussian
from foglight.equations.gaussian import Factored
from foglight.methods.adaptation import Adaptation
from foglight.methods.ekf import EKF
from foglight.methods.layout import wrapped
from foglight.methods.method import Curve, Method
from foglight.methods.outliers import Each, Thresholds
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import select
from foglight.trace.symbol import Symbol


@dataclass(frozen=True, repr=False)
class Diffuse:
    """A method, as the compiler needs it, for beliefs with `directions` that are unknown at first.

    delayed: whether these stay a regression until the readings tell them apart, see `equations.delayed`.
    """

    method: Method
    directions: int
    delayed: bool = False
    factored: ClassVar[bool] = True

    def __repr__(self) -> str:
        late = ", resolved late" if self.delayed else ""
        return f"{self.method!r} with {self.directions} unknown directions{late}"

    @property
    def _taylor(self) -> bool:
        """Whether the method uses the equations of the EKF, which have their own form with unknown directions."""
        kind = type(self.method)
        return (kind.predict, kind.update) == (EKF.predict, EKF.update)

    @property
    def linear_only(self) -> bool:
        """Whether nonlinear models are refused."""
        return self.method.linear_only

    @property
    def points(self) -> float | None:
        """How far apart sigma points are; None for a method without them."""
        return self.method.points

    @property
    def iterations(self) -> int:
        """How many times an update linearises."""
        return self.method.iterations

    @property
    def joint(self) -> bool:
        """Whether the sensors of a row are linearised at one point."""
        return self.method.joint

    @property
    def gate(self) -> Each | None:
        """The gate."""
        return self.method.gate

    @property
    def huber(self) -> Each | None:
        """The Huber bound on the influence of a reading."""
        return self.method.huber

    @property
    def student(self) -> Each | None:
        """The degrees of freedom of innovations with a Student-t distribution."""
        return self.method.student

    @property
    def recover(self) -> float:
        """Seconds of rejection after which a gated sensor may reset the belief."""
        return self.method.recover

    @property
    def adaptations(self) -> tuple[Adaptation, ...]:
        """Which noises are estimated while the filter runs."""
        return self.method.adaptations

    @property
    def guards(self) -> dict[str, Any]:
        """All guards, as arguments for another method."""
        return self.method.guards

    def gated(self, sensors: Iterable[str]) -> tuple[str, ...]:
        """Those of these sensors that have a gate."""
        return self.method.gated(sensors)

    def thresholds(self, sensor: str, size: int) -> Thresholds:
        """The guards of this sensor; they do not act on what an unknown direction absorbs."""
        return self.method.thresholds(sensor, size)

    def check_sensors(self, names: Iterable[str]) -> None:
        """ModelError unless every sensor named in the guards has one of these names."""
        self.method.check_sensors(names)

    def with_guards(self, **changes: Any) -> "Diffuse":
        """The same method with some guards changed."""
        return replace(self, method=self.method.with_guards(**changes))

    def in_factors(self) -> "Diffuse":
        """The same method with a factored covariance: itself."""
        return self

    def transition(self, belief: Any, motion: Curve, Q: Factored) -> Any:
        """Not used: unknown directions are smoothed separately, see `equations.diffuse_smoother`."""
        raise NotImplementedError

    def predict(self, belief: Any, motion: Curve, Q: Factored) -> Any:
        """The belief after the motion."""
        y, F = motion.linearise(belief.x)
        if isinstance(belief, delayed.Belief):
            return belief.predict(y, F, Q, motion.linearise(belief.x0)[0])
        new = belief.predict(wrapped(y, motion.angles), F, Q)
        if self._taylor:
            return new
        return new.with_known(_either(belief.unsure, new.known, self.method.predict(belief.known, motion, Q)))

    def update(
        self,
        belief: diffuse.Belief,
        sensor: Curve,
        innovate: Any,
        R: Array,
        used: list[Any],
        angles: tuple[int, ...],
        **point: Any,
    ) -> tuple[diffuse.Belief, gaussian.UpdateInfo]:
        """The belief after a measurement, and the information on the update. point: `at` of an EKF that is joint."""
        if type(self.method).update is EKF.update:
            method: Any = self.method
            found: tuple[diffuse.Belief, gaussian.UpdateInfo] = method.update(
                belief, sensor, innovate, R, used, angles, **point
            )
            return found
        new, info = extended.update(belief, sensor.linearise, innovate, R, used, self.iterations)
        new = new._replace(x=wrapped(new.x, angles))
        known, ordinary = self.method.update(belief.known, sensor, innovate, R, used, angles)
        chosen = _either(belief.unsure, info._replace(absorbed=()), ordinary)
        return new.with_known(_either(belief.unsure, new.known, known)), chosen._replace(
            absorbed=info.absorbed
        )


def _either(mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b, in tuples of arrays, numbers and masks."""
    if isinstance(a, tuple):
        parts = [_either(mask, x, y) for x, y in zip(a, b, strict=True)]
        return type(a)(*parts) if hasattr(a, "_fields") else tuple(parts)
    if isinstance(a, ArraySymbol) or isinstance(b, ArraySymbol):
        return select(mask, a, b)
    if isinstance(a, np.ndarray) and a.dtype == object:
        return np.array([_either(mask, x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True)]).reshape(
            a.shape
        )
    known = not isinstance(a, Symbol) and not isinstance(b, Symbol)
    return a if known and np.ndim(a) == 0 and a == b else select(mask, a, b)
