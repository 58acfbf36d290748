"""The readings of a log on the scales on which the sensors of a model measure them, and back."""

import numpy as np

from foglight.core.errors import DataError
from foglight.core.row_names import NUMBERS_ONLY, Rows
from foglight.core.types import Floats
from foglight.model.model import Model


def on_model_scale(model: Model, z: Floats, rows: Rows = NUMBERS_ONLY) -> Floats:
    """The readings z (…, T, M) as the sensors of the model measure them. DataError for one that has no logarithm."""
    found = z
    for sensor, at in model.blocks:
        if sensor.transform is not None:
            own = z[..., at.start]
            refused = np.argwhere(own <= 0.0)
            if len(refused):
                at_row = tuple(refused[np.argmin(refused[:, -1])])
                k = int(at_row[-1])
                where = rows.where(k, str(at_row[0]) if len(at_row) > 1 else "")
                raise no_logarithm(
                    model.components[at.start], float(own[at_row]), f" in {where}", rows.number(k)
                )
            found = found.copy() if found is z else found
            found[..., at.start] = sensor.transform.of(own)
    return found


def on_given_scale(model: Model, y: Floats) -> Floats:
    """The readings of a log from what the sensors measure, y (…, M)."""
    found = np.array(y)
    for sensor, at in model.blocks:
        if sensor.transform is not None:
            found[..., at] = sensor.transform.back(found[..., at])
    return found


def no_logarithm(name: str, value: float, where: str = "", index: int | None = None) -> DataError:
    """The error of a reading that is zero or negative. where: such as " in row 3"."""
    return DataError(
        f"{name} = {value:g}{where}: the model takes the logarithm or a power of this series, so it expected a number "
        "> 0. Write NaN for a missing value; add a constant to a series with true zeros, or model it without log and "
        "boxcox.",
        field=name, index=index, value=value,
    )  # fmt: skip
