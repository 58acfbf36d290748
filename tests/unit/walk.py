"""A person ahead, as a model file: one radar, or a radar and a lidar; and a short log of the radar."""

_RADAR = """
[motion]
kind = "constant_velocity"
axes = ["gap"]
accel = 0.4
[[sensor]]
name = "radar"
kind = "linear"
of = "gap"
std = 0.8
"""
_LIDAR = """[[sensor]]
name = "lidar"
kind = "linear"
of = "gap"
std = 0.3
"""
_START = """[start]
mean = [5, 0]
std = [5, 1]
"""
RADAR = _RADAR + _START
RADAR_AND_LIDAR = _RADAR + _LIDAR + _START
LOG = "time,gap\n0,5.2\n0.1,\n0.3,4.9\n"
