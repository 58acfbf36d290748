"""A run once more, with another model, log or method: from the same time on, and bad rows flagged."""

from typing import Any

import numpy as np

from foglight.core.resolution import NS
from foglight.core.timestamps import AWARE, NAIVE
from foglight.data.log import Log
from foglight.data.readers.position import kind_of
from foglight.inference.run import Run
from foglight.inference.run import run as filtered
from foglight.methods.method import Method
from foglight.model.model import Model


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
