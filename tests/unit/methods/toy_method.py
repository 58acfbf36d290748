"""A method in one file: a Kalman filter whose process noise is doubled."""

from dataclasses import dataclass, replace
from typing import Any

from foglight.equations.gaussian import Factored
from foglight.methods.ekf import EKF
from foglight.methods.method import Curve


@dataclass(frozen=True, repr=False)
class Wary(EKF):
    """Twice as much process noise as the model states."""

    def predict(self, belief: Any, motion: Curve, Q: Factored) -> Any:
        return super().predict(belief, motion, doubled(Q))

    def transition(self, belief: Any, motion: Curve, Q: Factored) -> Any:
        return super().transition(belief, motion, doubled(Q))


def doubled(Q: Factored) -> Factored:
    return replace(Q, variances=[2.0 * v for v in Q.variances])
