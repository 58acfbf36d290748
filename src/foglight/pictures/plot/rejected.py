"""The readings that a gate rejected, which every picture of readings marks with hollow crosses."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import Status
from foglight.core.types import Floats
from foglight.inference.linearised import sensor_jacobians
from foglight.inference.measured import values_along
from foglight.inference.run import Run
from foglight.model.model import opaque_functions
from foglight.pictures.colours import WRONG
from foglight.pictures.plot.artists import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME = "rejected"  # in legends


def rejected(run: Run) -> NDArray[np.bool_]:
    """Which readings (…, T, M) were there, and were left out of the update since they failed their gate."""
    gated = (run.status & Status.GATED) != 0
    if not gated.any():
        return np.zeros(run._received.shape, bool)
    return np.asarray(np.isfinite(run._received) & np.isnan(run.innovation) & gated[..., None])


def innovations_of(run: Run, which: NDArray[np.bool_]) -> Floats | None:
    """z - h(x) (…, T, M) at the prediction of each row for these readings, of which a run has none; NaN for all others.

    None where no reading is meant, or where h cannot be asked: it is opaque, or of a rotation.
    """
    model, arrays = run.model, run._arrays
    if not which.any() or opaque_functions(model) or model.charts.parts:
        return None
    mean = run.predicted.mean
    program = sensor_jacobians(model)
    h = values_along(program, arrays, mean if mean.ndim == 3 else mean[None])["h"]
    shape = which.shape if which.ndim == 3 else (1, *which.shape)
    expected = np.stack([np.broadcast_to(np.asarray(value, float), shape[:2]) for value in h], axis=2)
    e = np.asarray(run._received - expected.reshape(which.shape))
    for sensor, at in model.blocks:
        for j in range(at.start, at.stop):
            if model.components[j].rpartition(".")[2] in sensor.angles:
                e[..., j] = np.arctan2(np.sin(e[..., j]), np.cos(e[..., j]))
    return np.where(which, e, np.nan)


def crosses(ax: "Axes", t: NDArray[Any], y: Floats, name: str = NAME) -> None:
    """Hollow crosses; nothing where y is all missing."""
    if np.isfinite(y).any():
        points(ax, t, y, WRONG, name, marker="X", ms=6, mfc="none", mew=0.9, zorder=2.5)
