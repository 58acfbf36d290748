"""Readings that a model sees on another scale: their logarithm, or a power.

    y = (zᵏ - 1)/k,  or log z for k = 0        log dy/dz = (k - 1) log z

Box & Cox 1964, eq. 1 and 8. A sensor measures y: its function and its noise are about y, and so is an innovation. The
likelihood is that of z, with the slope dy/dz as its Jacobian, so that models with other scales can be compared.
"""

from typing import Any, NamedTuple

import numpy as np

from foglight.core.checks import is_number
from foglight.core.errors import ModelError
from foglight.core.types import Array, Floats
from foglight.trace.elementary import LOWERING

_NODES = 64  # of the quadrature for moments: exact for polynomials of this degree times two


class BoxCox(NamedTuple):
    """y = (zᵏ - 1)/k of a reading z > 0, with the power k >= 0; 0 is the logarithm."""

    power: float

    def __str__(self) -> str:
        return "log" if self.logarithm else f"boxcox={self.power:g}"

    @property
    def logarithm(self) -> bool:
        """Whether y is the logarithm of z."""
        return self.power == 0.0

    def of(self, z: Floats) -> Floats:
        """y of z > 0; NaN stays NaN. In operations that give the same bits everywhere."""
        functions = LOWERING["float64"]
        logs = functions["log"](z)
        return np.asarray(logs if self.logarithm else functions["expm1"](self.power * logs) / self.power)

    def log_slope(self, y: Any) -> Any:
        """log dy/dz, a symbol or a float."""
        return -y if self.logarithm else (1.0 - 1.0 / self.power) * np.log1p(self.power * y)

    def back(self, y: Array) -> Array:
        """z of y; 0 where y is below all that a reading can give."""
        if self.logarithm:
            with np.errstate(over="ignore"):
                return np.exp(y)
        return np.asarray(np.maximum(1.0 + self.power * y, 0.0) ** (1.0 / self.power))

    def moments(self, mean: Array, cov: Array) -> tuple[Array, Array]:
        """Mean (…, m) and covariance (…, m, m) of z, where y is Gaussian; m = 1 unless y is the logarithm."""
        with np.errstate(over="ignore", invalid="ignore"):
            if self.logarithm:  # the lognormal distribution: Johnson, Kotz & Balakrishnan 1994, ch. 14
                centre = np.exp(mean + 0.5 * np.diagonal(cov, axis1=-2, axis2=-1))
                return centre, centre[..., :, None] * centre[..., None, :] * np.expm1(cov)
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        weights = weights / weights.sum()
        z = self.back(mean[..., None] + np.sqrt(cov) * nodes)  # (…, 1, nodes)
        centre = z @ weights
        return centre, (((z - centre[..., None]) ** 2) @ weights)[..., None]


def scale_of(log: Any, boxcox: Any) -> BoxCox | None:
    """The scale that the arguments `log` and `boxcox` of a time series name; None for the readings themselves."""
    if not isinstance(log, bool):
        raise ModelError.expected("log", log, "True or False", "Write log=True, or leave it out.")
    if boxcox is None:
        return BoxCox(0.0) if log else None
    if log:
        raise ModelError.expected("boxcox", boxcox, "only one of log and boxcox", "Leave log=True out.")
    if not is_number(boxcox) or not 0.0 <= float(boxcox) < np.inf:
        raise ModelError.expected(
            "boxcox", boxcox, "a power >= 0, with 0 for the logarithm", "Write boxcox=0.5 for a square root."
        )
    return BoxCox(float(boxcox))
