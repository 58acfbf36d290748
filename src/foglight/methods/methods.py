"""Which equations a run uses: KF, EKF, UKF, CKF as frozen option objects.

A method says how a belief goes through a curve (the motion) and how it takes in a measurement (a sensor).
A `Curve` offers what methods ask of a function: its value and Jacobian, or its value and the differences of
pairs of points. The same methods run on symbols and on floats.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.equations import extended, smoother, unscented
from foglight.equations.gaussian import Belief, Factored, Info
from foglight.methods.layout import wrapped
from foglight.methods.outliers import Guards

FORMS = ("factored", "joseph", "textbook")


class Curve(Protocol):
    """A function of the state, as methods use it. `angles`: which of its outputs are angles."""

    angles: tuple[int, ...]

    def linearise(self, x: Array) -> tuple[Array, Array]:
        """f(x) and its Jacobian."""

    def spread(self, x: Array, columns: Array) -> tuple[Array, Array, Array]:
        """f(x), and s, d with f(x ± columns_k) = f(x) + s_k ± d_k."""


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
    directions: ClassVar[int] = 0  # unknown ones that are carried; see foglight.methods.diffuse_start

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
    ) -> tuple[Any, Info]:
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


@dataclass(frozen=True, repr=False)
class UKF(Guards):
    """Unscented Kalman filter: moments of pairs of points at ±α √(n + κ) standard deviations.

    Computed in differences (equations/unscented.py): as accurate at alpha = 1e-3 as at 1, and on a linear model
    equal to the Kalman filter at any alpha. beta = 2 is right for Gaussians. Weights that could give an
    indefinite covariance raise ModelError when the method meets a model.  gate, huber, recover: see
    `foglight.methods.outliers`.
    Julier & Uhlmann 2004.

    >>> fog.run(model, log, method=fog.UKF(alpha=0.5))
    """

    alpha: float = 1.0
    beta: float = 2.0
    kappa: float = 0.0
    linear_only: ClassVar[bool] = False
    directions: ClassVar[int] = 0
    factored: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("alpha", "beta", "kappa"):
            value = getattr(self, name)
            number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
            if not (number and np.isfinite(value)) or (name == "alpha" and value <= 0):
                raise ModelError(
                    f"{name} = {value!r}: expected a finite number{' above 0' if name == 'alpha' else ''}. "
                    "The defaults alpha=1, beta=2, kappa=0 serve most models.",
                    field=name,
                    value=value,
                )

    def options(self) -> dict[str, Any]:
        return {"alpha": self.alpha, "beta": self.beta, "kappa": self.kappa}

    def weights(self, n: int) -> unscented.Weights:
        """Weights for n states, or the ModelError that says why there are none."""
        try:
            return unscented.Weights.of(n, self.alpha, self.beta, self.kappa)
        except ValueError as reason:
            raise ModelError(
                f"{self!r}: {reason}. Use kappa=0 and beta >= alpha², as the defaults do.",
                field="kappa",
                value=self.kappa,
            ) from None

    def predict(self, belief: Belief, motion: Curve, Q: Factored) -> Belief:
        """The belief after the motion."""
        return unscented.predict(belief, motion.spread, Q, self.weights(len(belief.x)), motion.angles)

    def joint(self, belief: Belief, motion: Curve, Q: Factored) -> smoother.Joint:
        """The state before the motion and after it, as columns that they share."""
        weights = self.weights(len(belief.x))
        return smoother.paired(belief, motion.spread, motion.linearise, Q, weights, motion.angles)

    def update(
        self, belief: Belief, sensor: Curve, innovate: Any, R: Array, used: list[Any], angles: tuple[int, ...]
    ) -> tuple[Belief, Info]:
        """The belief after a measurement, and what the measurement said. `angles`: those of the state."""
        weights = self.weights(len(belief.x))
        new, info = unscented.update(
            belief, sensor.spread, sensor.linearise, innovate, R, used, weights, sensor.angles
        )
        return new._replace(x=wrapped(new.x, angles)), info


@dataclass(frozen=True, repr=False)
class CKF(UKF):
    """Cubature Kalman filter: equal weights on ±√n standard deviations, nothing to choose.

    The unscented filter with alpha = 1, beta = 0, kappa = 0.  gate, huber, recover: see `foglight.methods.outliers`.
    Arasaratnam & Haykin 2009, eqs. 21–27.

    >>> fog.run(model, log, method=fog.CKF())
    """

    alpha: float = field(default=1.0, init=False)
    beta: float = field(default=0.0, init=False)
    kappa: float = field(default=0.0, init=False)

    def options(self) -> dict[str, Any]:
        return {}


Method = EKF | UKF


def _check_form(form: str) -> None:
    if form not in FORMS:
        raise ModelError(
            f"form = {form!r}: expected one of {', '.join(map(repr, FORMS))}. Leave it out for the safe default.",
            field="form",
            value=form,
        )
