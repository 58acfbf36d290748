"""The door to ready-made sensors: `fog.sensing.range(...)`. They stand in `foglight.model.sensing`."""

from foglight.model.sensing import bearing, linear, range, range_bearing, range_bearing_rate

__all__ = ["bearing", "linear", "range", "range_bearing", "range_bearing_rate"]
