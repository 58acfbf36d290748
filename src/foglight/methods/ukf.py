"""The unscented and the cubature Kalman filter: moments of pairs of points passed through the functions."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from foglight.core.checks import is_number
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

    Computed in differences: as accurate at alpha = 1e-3 as at 1, and on a linear model equal to the Kalman filter at
    any alpha.

    Parameters
    ----------
    alpha : float, default 1.0
        Spread α of the sigma points, above 0.
    beta : float, default 2.0
        Weight β of the centre in the covariance; 2 is right for Gaussians.
    kappa : float, default 0.0
        κ, added to the number of states n in the spread of the points.
    gate : float or dict, default None
        Probability in (0, 1), or ``{sensor: probability}``. A reading whose NIS exceeds the χ² quantile of this
        probability is rejected (``Status.GATED``). None rejects nothing.
    huber : float or dict, default None
        Bound above 0 in standard deviations, or ``{sensor: bound}``. A reading farther off has the influence of one
        at the bound: its noise R is inflated. None bounds nothing.
    student : float or dict, default None
        Degrees of freedom of 1 or more, or ``{sensor: number}``. The innovation has a Student-t distribution: the
        farther off a reading is, the less it counts, until it hardly counts at all. 4 is usual. None is Gaussian.
    recover : float, default math.inf
        Time in s. Once all readings of a gated sensor have been rejected for this long, so many in a row that chance
        does not explain them, and no other sensor that sees the same was accepted meanwhile, the next rejected one
        widens the belief along what the sensor sees until it fits (``Status.RESET``). ``math.inf`` never does.
    adapt : Adaptation or sequence of Adaptation, default None
        Noises that are estimated from the innovations while the filter runs: made by `fog.adapt`. None estimates none.

    Raises
    ------
    ModelError
        If an option is outside its range, or, once the method is used with a model, if it names a sensor that the
        model does not have or the weights could give an indefinite covariance.

    Notes
    -----
    Julier & Uhlmann 2004, eqs. 12–15. With several guards, the gate decides first. Huber 1964; Masreliez & Martin 1977.

    Examples
    --------
    >>> close = fog.run(model, log, method=fog.UKF(alpha=1e-3))
    >>> bool(np.isclose(close.loglik, fog.run(model, log, method=fog.KF()).loglik, rtol=1e-12))
    True
    """

    alpha: float = 1.0
    beta: float = 2.0
    kappa: float = 0.0
    linear_only: ClassVar[bool] = False
    iterations: ClassVar[int] = 1
    joint: ClassVar[bool] = False
    factored: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("alpha", "beta", "kappa"):
            value = getattr(self, name)
            if not (is_number(value) and np.isfinite(value)) or (name == "alpha" and value <= 0):
                raise ModelError.expected(
                    name,
                    value,
                    f"a finite number{(' above 0' if name == 'alpha' else '')}",
                    "The defaults alpha=1, beta=2, kappa=0 serve most models.",
                )

    def options(self) -> dict[str, Any]:
        return {"alpha": self.alpha, "beta": self.beta, "kappa": self.kappa}

    @property
    def points(self) -> float:
        """How far apart sigma points are, in units of √(n + κ) standard deviations."""
        return self.alpha

    def in_factors(self) -> "UKF":
        """The same method with a factored covariance: itself."""
        return self

    def weights(self, n: int) -> unscented.Weights:
        """Weights for n states; ModelError if there are none, with the reason."""
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

    def transition(self, belief: Belief, motion: Curve, Q: Factored) -> smoother.Joint:
        """The state before the motion and after it, as columns with shared weights."""
        weights = self.weights(len(belief.x))
        return smoother.paired(belief, motion.spread, motion.linearise, Q, weights, motion.angles)

    def update(
        self, belief: Belief, sensor: Curve, innovate: Any, R: Array, used: list[Any], angles: tuple[int, ...]
    ) -> tuple[Belief, UpdateInfo]:
        """The belief after a measurement, and the information on the update. `angles`: those of the state."""
        weights = self.weights(len(belief.x))
        new, info = unscented.update(
            belief, sensor.spread, sensor.linearise, innovate, R, used, weights, sensor.angles
        )
        return new._replace(x=wrapped(new.x, angles)), info


@dataclass(frozen=True, repr=False)
class CKF(UKF):
    """Cubature Kalman filter: equal weights at ±√n standard deviations, with nothing to tune.

    This is the unscented filter with alpha = 1, beta = 0, kappa = 0.

    Parameters
    ----------
    gate : float or dict, default None
        Probability in (0, 1), or ``{sensor: probability}``. A reading whose NIS exceeds the χ² quantile of this
        probability is rejected (``Status.GATED``). None rejects nothing.
    huber : float or dict, default None
        Bound above 0 in standard deviations, or ``{sensor: bound}``. A reading farther off has the influence of one
        at the bound: its noise R is inflated. None bounds nothing.
    student : float or dict, default None
        Degrees of freedom of 1 or more, or ``{sensor: number}``. The innovation has a Student-t distribution: the
        farther off a reading is, the less it counts, until it hardly counts at all. 4 is usual. None is Gaussian.
    recover : float, default math.inf
        Time in s. Once all readings of a gated sensor have been rejected for this long, so many in a row that chance
        does not explain them, and no other sensor that sees the same was accepted meanwhile, the next rejected one
        widens the belief along what the sensor sees until it fits (``Status.RESET``). ``math.inf`` never does.
    adapt : Adaptation or sequence of Adaptation, default None
        Noises that are estimated from the innovations while the filter runs: made by `fog.adapt`. None estimates none.

    Raises
    ------
    ModelError
        If an option is outside its range, or names a sensor that the model does not have.

    Notes
    -----
    Arasaratnam & Haykin 2009, eqs. 21–27. With several guards, the gate decides first. Huber 1964; Masreliez & Martin
    1977.

    Examples
    --------
    >>> fog.run(model, log, method=fog.CKF(gate=0.999)).method
    CKF(gate=0.999)
    """

    alpha: float = field(default=1.0, init=False)
    beta: float = field(default=0.0, init=False)
    kappa: float = field(default=0.0, init=False)

    def options(self) -> dict[str, Any]:
        return {}
