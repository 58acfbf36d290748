"""The Kalman filter and the extended Kalman filter: functions are replaced by their first Taylor term."""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.equations import extended, smoother
from foglight.equations.gaussian import Belief, Factored, UpdateInfo
from foglight.methods.layout import wrapped
from foglight.methods.method import Curve
from foglight.methods.outliers import Guards

FORMS = ("factored", "joseph", "textbook")


@dataclass(frozen=True, repr=False)
class EKF(Guards):
    """Extended Kalman filter: each function is replaced by its exact first Taylor term at the mean.

    iterations: how often an update relinearises at its own result (iterated EKF), 1 to 10.
    form: "factored" (default; P = U D Uᵀ is never formed), "joseph" or "textbook" (to teach and compare).
    gate, huber, recover: against readings that do not belong, see `foglight.methods.outliers`.
    On a linear model this is the Kalman filter, bit for bit. Bar-Shalom 2001, §10.3 and §10.5.2.

    >>> fog.run(model, log, method=fog.EKF(iterations=3))
    """

    iterations: int = 1
    form: str = "factored"
    linear_only: ClassVar[bool] = False
    points: ClassVar[None] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        whole = isinstance(self.iterations, (int, np.integer)) and not isinstance(self.iterations, bool)
        if not (whole and 1 <= self.iterations <= 10):
            raise ModelError(
                f"iterations = {self.iterations!r}: expected a whole number from 1 to 10. Try iterations=3.",
                field="iterations",
                value=self.iterations,
            )
        _check_form(self.form)

    def options(self) -> dict[str, Any]:
        return {"iterations": self.iterations, "form": self.form}

    @property
    def factored(self) -> bool:
        """Whether what is carried is a factor; else it is the covariance itself."""
        return self.form == "factored"

    def in_factors(self) -> "EKF":
        """The same method with a factor carried."""
        return self if self.factored else replace(self, form=FORMS[0])

    def predict(self, belief: Any, motion: Curve, Q: Factored) -> Any:
        """The belief after the motion."""
        y, F = motion.linearise(belief.x)
        return belief.predict(wrapped(y, motion.angles), F, Q)

    def joint(self, belief: Belief, motion: Curve, Q: Factored) -> smoother.Joint:
        """The state before the motion and after it, as columns that they share."""
        y, F = motion.linearise(belief.x)
        return smoother.linearised(belief, wrapped(y, motion.angles), F, Q)

    def update(
        self, belief: Any, sensor: Curve, innovate: Any, R: Array, used: list[Any], angles: tuple[int, ...]
    ) -> tuple[Any, UpdateInfo]:
        """The belief after a measurement, and what the measurement said. `angles`: those of the state."""
        new: Any
        if isinstance(belief, Belief):
            new, info = extended.update(belief, sensor.linearise, innovate, R, used, self.iterations)
        else:
            joseph = self.form == "joseph"
            new, info = extended.update_full(
                belief, sensor.linearise, innovate, R, used, self.iterations, joseph
            )
        return new._replace(x=wrapped(new.x, angles)), info


@dataclass(frozen=True, repr=False)
class KF(EKF):
    """The Kalman filter: best linear unbiased estimate of a linear model; refuses models that bend.

    form: "factored" (default), "joseph" or "textbook".  gate, huber, recover: see `foglight.methods.outliers`.
    Kalman 1960; Bar-Shalom 2001, §5.2.3.

    >>> fog.run(model, log, method=fog.KF())
    """

    iterations: int = field(default=1, init=False)
    linear_only: ClassVar[bool] = True

    def options(self) -> dict[str, Any]:
        return {} if self.form == FORMS[0] else {"form": self.form}


def _check_form(form: str) -> None:
    if form not in FORMS:
        raise ModelError(
            f"form = {form!r}: expected one of {', '.join(map(repr, FORMS))}. Leave it out for the safe default.",
            field="form",
            value=form,
        )
