"""See through the noise: a Kalman-filter compiler for Python.

A model written once in plain Python goes through a compiled scan over a log and gives a run. This is the one
door: a name is imported when it is first used, so that `import foglight` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foglight import motion, noise, sensing
    from foglight.belief import Belief, fuse
    from foglight.errors import (
        DataError,
        FoglightError,
        ModelError,
        NumericalError,
        StateError,
        Status,
        TimeError,
    )
    from foglight.filtering import predict, update
    from foglight.linear import linear_model
    from foglight.live.filter import online
    from foglight.live.saved import restore
    from foglight.log import Log
    from foglight.methods import CKF, EKF, KF, UKF
    from foglight.model import Model, Motion, Sensor, opaque
    from foglight.parameters import param
    from foglight.scan import Run, run
    from foglight.simulation import simulate
    from foglight.stationary import steady_state

__version__ = "0.1.0"

__all__ = [
    "CKF",
    "EKF",
    "KF",
    "UKF",
    "Belief",
    "DataError",
    "FoglightError",
    "Log",
    "Model",
    "ModelError",
    "Motion",
    "NumericalError",
    "Run",
    "Sensor",
    "StateError",
    "Status",
    "TimeError",
    "fuse",
    "linear_model",
    "motion",
    "noise",
    "online",
    "opaque",
    "param",
    "predict",
    "restore",
    "run",
    "sensing",
    "simulate",
    "steady_state",
    "update",
]

# Which module holds which public names; ready-made parts are modules themselves.
_PARTS = ("motion", "noise", "sensing")
_HOMES = {
    "belief": "Belief fuse",
    "errors": "DataError FoglightError ModelError NumericalError StateError Status TimeError",
    "filtering": "predict update",
    "linear": "linear_model",
    "live.filter": "online",
    "live.saved": "restore",
    "log": "Log",
    "methods": "CKF EKF KF UKF",
    "model": "Model Motion Sensor opaque",
    "parameters": "param",
    "scan": "Run run",
    "simulation": "simulate",
    "stationary": "steady_state",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return import_module(f"foglight.{name}")  # the import binds the name here
    if name not in _HOME:
        raise AttributeError(f"module 'foglight' has no attribute {name!r}")
    found = getattr(import_module(f"foglight.{_HOME[name]}"), name)
    globals()[name] = found  # from now on without this call
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
