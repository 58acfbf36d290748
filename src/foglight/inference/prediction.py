"""Gaussians of some rows: means, covariances, standard deviations and intervals."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from foglight.core.checks import is_number
from foglight.core.errors import ModelError
from foglight.core.text import counted
from foglight.core.types import Array
from foglight.model.charts import Charts


@dataclass(frozen=True, eq=False, repr=False)
class Prediction:
    """Gaussians of S rows: of the state or one sensor's reading at times ahead, or of one component of the readings.

    Where the log's tracks share their times, arrays have a leading axis of tracks.

    Attributes
    ----------
    names : tuple of str
        Names of the states, or of the sensor's measures.
    mean : ndarray (S, k)
        Mean, in units of the components.
    cov : ndarray (S, k, k)
        Covariance; for a reading, including its noise.
    std : ndarray (S, k)
        Square roots of the variances.
    ends : ndarray (k, 2) or None
        Lower and upper limits of the states; None for a sensor.
    sensor : str
        Name of the sensor; "" for the state.
    charts : Charts or None
        Which states are rotations, with all their numbers in mean; cov and std are then about small ones.

    Examples
    --------
    >>> fog.forecast(run, steps=10).state.std.shape
    (10, 2)
    """

    names: tuple[str, ...]
    mean: Array
    cov: Array
    ends: Array | None = None
    sensor: str = ""
    charts: Charts | None = None

    @property
    def states(self) -> Charts:
        """Which of the names are rotations; for a sensor none."""
        return self.charts or Charts(self.names, self.names)

    @property
    def std(self) -> Array:
        """Square roots of the variances (S, k)."""
        return np.asarray(np.sqrt(np.diagonal(self.cov, axis1=-2, axis2=-1)))

    def interval(self, probability: float = 0.95) -> tuple[Array, Array]:
        """Intervals that contain each value with the given probability, if the model is right.

        They are mean ± z std of the Gaussian, cut off at the limits of the states. The ends of an angle's interval may
        lie beyond ±π.

        Parameters
        ----------
        probability : float, default 0.95
            Between 0 and 1.

        Returns
        -------
        tuple of ndarray (S, k)
            The lower and the upper ends.

        Raises
        ------
        ModelError
            If probability is not between 0 and 1.

        Examples
        --------
        >>> low, high = fog.forecast(run, steps=10).state.interval(0.95)
        >>> low.shape
        (10, 2)
        """
        from scipy.special import ndtri

        given: Any = probability
        if not (is_number(given) and 0.0 < given < 1.0):
            raise ModelError.expected(
                "probability", probability, "a number between 0 and 1", "Write 0.95 for 95 %."
            )
        if self.states.parts:
            part = self.states.parts[0]
            raise ModelError(
                f"interval: {part.name} is a rotation, whose numbers have no intervals of their own: expected states "
                f"that are numbers. Use mean, and std for {', '.join(self.states.state[part.state])}.",
                field="interval", value=part.name,
            )  # fmt: skip
        reach = float(ndtri(0.5 + 0.5 * given)) * self.std
        low, high = self.mean - reach, self.mean + reach
        if self.ends is not None:
            low, high = np.maximum(low, self.ends[:, 0]), np.minimum(high, self.ends[:, 1])
        return low, high

    def __repr__(self) -> str:
        names = [f"{self.sensor}.{name}" if self.sensor else name for name in self.names]
        return f"Prediction({', '.join(names)}: {counted(self.mean.shape[-2], 'step')})"
