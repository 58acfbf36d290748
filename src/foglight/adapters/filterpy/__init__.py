"""filterpy's filters with the equations of Foglight: the same names, attributes and numbers, and no silent faults."""

from foglight.adapters.filterpy.extended import ExtendedKalmanFilter
from foglight.adapters.filterpy.functions import batch_filter, predict, rts_smoother, update
from foglight.adapters.filterpy.kalman_filter import KalmanFilter
from foglight.adapters.filterpy.sigma_points import (
    JulierSigmaPoints,
    MerweScaledSigmaPoints,
    unscented_transform,
)
from foglight.adapters.filterpy.unscented import UnscentedKalmanFilter

__all__ = [
    "ExtendedKalmanFilter",
    "JulierSigmaPoints",
    "KalmanFilter",
    "MerweScaledSigmaPoints",
    "UnscentedKalmanFilter",
    "batch_filter",
    "predict",
    "rts_smoother",
    "unscented_transform",
    "update",
]
