"""The unscented and the cubature Kalman filter: moments of pairs of points that go through the functions."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.equations import smoother, unscented
from foglight.equations.gaussian import Belief, Factored, UpdateInfo
from foglight.methods.layout import wrapped
from foglight.methods.method import Curve
from foglight.methods.outliers import Guards


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
    iterations: ClassVar[int] = 1
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

    @property
    def points(self) -> float:
        """How far apart sigma points are, in units of √(n + κ) standard deviations."""
        return self.alpha

    def in_factors(self) -> "UKF":
        """The same method with a factor carried: itself."""
        return self

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
    ) -> tuple[Belief, UpdateInfo]:
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
