"""A run once more, with another model, log or method: from the same time on, and bad rows flagged."""

from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.resolution import NS
from foglight.core.timestamps import AWARE, NAIVE
from foglight.data.log import Log
from foglight.data.readers.position import kind_of
from foglight.data.replaced_readings import with_readings
from foglight.inference.run import Run
from foglight.inference.run import run as filtered
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.model.parameters import params_of
from foglight.model.reading_scales import on_model_scale


def start_time_of(run: Run) -> Any:
    """When the start of a run holds, if that is before its first row."""
    before = round(float(run._arrays.dt[0]) * NS)
    if not before:
        return None
    stamp = int(run.log.time_ns[0]) - before
    return np.datetime64(stamp, "ns") if kind_of(run.log.origin) in (AWARE, NAIVE) else stamp / NS


def run_again(
    run: Run,
    *,
    model: Model | None = None,
    log: Log | None = None,
    method: Method | None = None,
    keep: str = "all",
) -> Run:
    """The run with another model, log or method; what is not given stays as it is."""
    return filtered(
        run.model if model is None else model,
        run.log if log is None else log,
        run.method if method is None else method,
        start_time=start_time_of(run), keep=keep, on_bad="flag",
    )  # fmt: skip


def gain_of(run: Run, other: Run) -> float:
    """The 2 Δloglik by which another run is likelier; -inf or inf or NaN where one broke."""
    return 2.0 * float(np.sum(other.loglik) - np.sum(run.loglik))


def on_its_scale(run: Run) -> Run:
    """The same run of a log that holds what the sensors measure, where that is a logarithm or power of the readings."""
    model = run.model
    if all(sensor.transform is None for sensor in model.sensors):
        return run
    sensors = [replace(sensor, params=params_of(sensor), transform=None) for sensor in model.sensors]
    plain = replace(model, sensors=sensors, verify=False)
    log = with_readings(run.log, model, on_model_scale(model, run.log.bind(model)))
    return run_again(run, model=plain, log=log)
