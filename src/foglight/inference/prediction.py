"""Gaussians of some rows: means, covariances, standard deviations and intervals."""

from dataclasses import dataclass

import numpy as np

from foglight.core.text import counted
from foglight.core.types import Array
from foglight.model.charts import Charts
from foglight.model.intervals import interval_of


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
    median : ndarray (S, k)
        What is exceeded with probability ½: the mean, but for readings whose logarithm or power is modelled.
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

    @property
    def median(self) -> Array:
        """Medians (S, k): of a Gaussian its mean."""
        return self.mean

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
        return interval_of(self.mean, self.std, probability, self.ends, self.states)

    def __repr__(self) -> str:
        names = [f"{self.sensor}.{name}" if self.sensor else name for name in self.names]
        return f"Prediction({', '.join(names)}: {counted(self.mean.shape[-2], 'step')})"
