"""What every sensor would read in rows whose beliefs are recorded, as the filter would meet it."""

import numpy as np

from foglight.compiler import adaptation
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of, readings_engine
from foglight.compiler.kernels.predicted_readings import moments_of
from foglight.core.types import Array
from foglight.inference.gaussians import anchors_of
from foglight.methods.layout import belief_size
from foglight.methods.method import Method
from foglight.model.model import Model


def predicted_readings(
    model: Model, method: Method, arrays: Arrays, records: Array
) -> dict[str, tuple[Array, Array]]:
    """h (tracks, T, m) and S (tracks, T, m, m) of each sensor.

    arrays: the inputs of the rows.  records (tracks, T, width): what a filter carries after each row's prediction, and
    whatever follows.
    """
    carried = len(engine_of(model, method, "result").kernel.carry)
    beliefs = records[:, :, : belief_size(len(model.state))]
    scales = adaptation.recorded(model, method, records, carried)
    z = np.concatenate([beliefs, anchors_of(model, records), scales], axis=2)
    rows = Arrays(arrays.dt, arrays.u, arrays.row, z, arrays.params, np.zeros((1, 2)))
    return moments_of(readings_engine(model, method).run(rows)[1], model)
