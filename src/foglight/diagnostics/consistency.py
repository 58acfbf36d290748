"""Whether the innovations are as large as the filter says they should be."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from foglight.inference.run import Run

WITHIN = 1.959963984540054  # standard deviations on either side of a Gaussian's mean hold 95 % of it


class Band(NamedTuple):
    """The mean NIS per measured component, its 95 % band if the model is right, and how many were measured."""

    mean: float
    low: float
    high: float
    components: int


def nis_band(run: "Run", rows: slice = slice(None)) -> Band:
    """The normalised innovation squared of a run, summed and divided by the components that were used.

    If the model is right the sum is χ² with as many degrees of freedom as components were used, whatever was
    missing (Bar-Shalom, Li & Kirubarajan 2001, §5.4.2); the band holds 95 % of such runs. `rows`: only these.
    """
    components = int(np.count_nonzero(~np.isnan(run.innovation[..., rows, :])))
    return band_of(float(np.nansum(run.nis[..., rows])), components)


def band_of(total: float, components: int) -> Band:
    """The band of a summed NIS over so many measured components."""
    from scipy.special import gammaincinv

    if not components:
        return Band(float("nan"), float("nan"), float("nan"), 0)
    low, high = (2.0 * float(gammaincinv(components / 2.0, tail)) / components for tail in (0.025, 0.975))
    return Band(total / components, low, high, components)
