"""A prediction of readings that are modelled on another scale: quantiles carried back, and moments of what they are."""

from dataclasses import dataclass, field

import numpy as np

from foglight.core.types import Array
from foglight.inference.prediction import Prediction
from foglight.model.box_cox import BoxCox


@dataclass(frozen=True, eq=False, repr=False)
class TransformedPrediction(Prediction):
    """Rows of readings of which a logarithm or a power is Gaussian, in units of the readings.

    Attributes
    ----------
    mean : ndarray (S, k)
        Mean. It is larger than the median: of a logarithm y, it is exp(E y + var y / 2).
    cov, std : ndarray
        Covariance (S, k, k), and standard deviation (S, k).
    median : ndarray (S, k)
        The reading that is exceeded with probability ½: that of the mean of the Gaussian.
    gaussian : Prediction
        The Gaussian on the scale of the model.
    scale : BoxCox
        That scale.

    Examples
    --------
    >>> grown = fog.structural("sales", log=True).with_start(fog.Belief([2.0], std=[0.1]))
    >>> run = fog.run(grown, fog.Log.from_arrays([0.0, 1.0], sales=[8.0, 9.0]))
    >>> sales = fog.forecast(run, steps=1).sensors["sales"]
    >>> bool(np.allclose(sales.median, np.exp(sales.gaussian.mean)))
    True
    """

    scale: BoxCox = field(kw_only=True)
    gaussian: Prediction = field(kw_only=True)

    @property
    def median(self) -> Array:
        """The median (S, k): the mean of the Gaussian, carried back."""
        return self.scale.back(self.gaussian.mean)

    def interval(self, probability: float = 0.95) -> tuple[Array, Array]:
        """Intervals that contain each value with the given probability, if the model is right.

        Their ends are quantiles: those of the Gaussian, carried back. So each side is missed equally often, and the
        median is not in their middle.

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
        >>> grown = fog.structural("sales", log=True).with_start(fog.Belief([2.0], std=[0.1]))
        >>> run = fog.run(grown, fog.Log.from_arrays([0.0, 1.0], sales=[8.0, 9.0]))
        >>> low, high = fog.forecast(run, steps=1).sensors["sales"].interval(0.95)
        >>> low.shape
        (1, 1)
        """
        low, high = self.gaussian.interval(probability)
        return self.scale.back(low), self.scale.back(high)


def carried_back(gaussian: Prediction, scale: BoxCox | None) -> Prediction:
    """The prediction of readings whose values on this scale are Gaussian; unchanged where there is none."""
    if scale is None:
        return gaussian
    mean, cov = scale.moments(np.asarray(gaussian.mean), np.asarray(gaussian.cov))
    return TransformedPrediction(
        gaussian.names, mean, cov, sensor=gaussian.sensor, scale=scale, gaussian=gaussian
    )
