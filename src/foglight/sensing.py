"""Ready-made sensors, used as `fog.sensing.range(...)`. The code is in `foglight.model.sensing`."""

from foglight.model.sensing import bearing, linear, range, range_bearing, range_bearing_rate

__all__ = ["bearing", "linear", "range", "range_bearing", "range_bearing_rate"]
