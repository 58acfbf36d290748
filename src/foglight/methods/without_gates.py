"""A method for the likelihood: without gates, since readings that a gate rejects add nothing to it."""

import math
from collections.abc import Sequence

from foglight.methods.method import Method
from foglight.methods.outliers import of_sensor


def without_gates(method: Method, sensors: Sequence[str]) -> Method:
    """The method without its gates. A sensor without a bound gets a Huber bound that as many good readings exceed."""
    from scipy.special import erfinv

    if not method.gate:
        return method
    bounds: dict[str, float] = {}
    for sensor in sensors:
        gate, bound, dof = (of_sensor(of, sensor) for of in (method.gate, method.huber, method.student))
        if bound is not None:
            bounds[sensor] = bound
        elif gate is not None and dof is None:
            bounds[sensor] = math.sqrt(2.0) * float(erfinv(gate))
    alike = len(bounds) == len(sensors) and len(set(bounds.values())) == 1
    return method.with_guards(gate=None, huber=bounds[sensors[0]] if alike else bounds or None)
