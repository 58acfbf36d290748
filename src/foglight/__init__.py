"""See through the noise: a Kalman-filter compiler for Python.

A model written once in plain Python goes through a compiled scan over a log and gives a run. This is the one
door: a name is imported when it is first used, so that `import foglight` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from foglight.core.version import __version__ as __version__

if TYPE_CHECKING:
    from foglight import motion, noise, sensing
    from foglight.core.errors import (
        DataError,
        FoglightError,
        FoglightWarning,
        ModelError,
        NumericalError,
        StateError,
        Status,
        TimeError,
    )
    from foglight.data.log import Log
    from foglight.data.parts import open_log
    from foglight.diagnostics.check.check import check
    from foglight.diagnostics.check.health import Code, Health
    from foglight.diagnostics.compare.compare import Comparison, compare
    from foglight.diagnostics.compare.push import push
    from foglight.diagnostics.explain import explain
    from foglight.inference.forecast import Forecast, forecast
    from foglight.inference.fuse import fuse
    from foglight.inference.run import Run, run
    from foglight.inference.sample import sample
    from foglight.inference.simulate import simulate
    from foglight.inference.smooth import Smoothed, smooth
    from foglight.inference.steady_state import steady_state
    from foglight.inference.step import predict, update
    from foglight.live.filter import Live
    from foglight.live.online import online, restore
    from foglight.live.results import Info
    from foglight.methods.ekf import EKF, KF
    from foglight.methods.ukf import CKF, UKF
    from foglight.model.belief import Belief
    from foglight.model.cross_noise import with_cross_noise
    from foglight.model.helper_states import bias, coloured, delay, facing, lever_arm, scale
    from foglight.model.linear_model import linear_model
    from foglight.model.model import Model, Motion, Sensor, opaque
    from foglight.model.model_file import load_model
    from foglight.model.parameters import param, shared
    from foglight.model.table import table
    from foglight.tuning.em import EMFit
    from foglight.tuning.fit import Fit
    from foglight.tuning.tune import tune

__all__ = [
    "CKF",
    "EKF",
    "KF",
    "UKF",
    "Belief",
    "Code",
    "Comparison",
    "DataError",
    "EMFit",
    "Fit",
    "FoglightError",
    "FoglightWarning",
    "Forecast",
    "Health",
    "Info",
    "Live",
    "Log",
    "Model",
    "ModelError",
    "Motion",
    "NumericalError",
    "Run",
    "Sensor",
    "Smoothed",
    "StateError",
    "Status",
    "TimeError",
    "bias",
    "check",
    "coloured",
    "compare",
    "delay",
    "explain",
    "facing",
    "forecast",
    "fuse",
    "lever_arm",
    "linear_model",
    "load_model",
    "motion",
    "noise",
    "online",
    "opaque",
    "open_log",
    "param",
    "predict",
    "push",
    "restore",
    "run",
    "sample",
    "scale",
    "sensing",
    "shared",
    "simulate",
    "smooth",
    "steady_state",
    "table",
    "tune",
    "update",
    "with_cross_noise",
]

# Which module holds which public names; ready-made parts are modules themselves.
_PARTS = ("motion", "noise", "sensing")
_HOMES = {
    "core.errors": "DataError FoglightError FoglightWarning ModelError NumericalError StateError Status TimeError",
    "data.log": "Log",
    "data.parts": "open_log",
    "methods.ekf": "EKF KF",
    "methods.ukf": "CKF UKF",
    "model.belief": "Belief",
    "model.cross_noise": "with_cross_noise",
    "model.helper_states": "bias coloured delay facing lever_arm scale",
    "model.linear_model": "linear_model",
    "model.model": "Model Motion Sensor opaque",
    "model.model_file": "load_model",
    "model.parameters": "param shared",
    "model.table": "table",
    "inference.forecast": "Forecast forecast",
    "inference.fuse": "fuse",
    "inference.run": "Run run",
    "inference.sample": "sample",
    "inference.simulate": "simulate",
    "inference.smooth": "Smoothed smooth",
    "inference.steady_state": "steady_state",
    "inference.step": "predict update",
    "live.filter": "Live",
    "live.online": "online restore",
    "live.results": "Info",
    "diagnostics.check.check": "check",
    "diagnostics.check.health": "Code Health",
    "diagnostics.compare.compare": "Comparison compare",
    "diagnostics.compare.push": "push",
    "diagnostics.explain": "explain",
    "tuning.em": "EMFit",
    "tuning.fit": "Fit",
    "tuning.tune": "tune",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

if not TYPE_CHECKING:  # type checkers take the imports above, and refuse what is not among them

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
