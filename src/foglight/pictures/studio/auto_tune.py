"""Tuning beside the page: in a thread of its own, with its progress, until it ends or is cancelled."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from foglight.core.errors import FoglightError
from foglight.data.log import Log
from foglight.methods.method import Method
from foglight.methods.without_gates import without_gates
from foglight.model.model import Model
from foglight.pictures.studio.given import Label
from foglight.tuning.fit import Fit
from foglight.tuning.tune import tune


class CancelledError(Exception):
    """Ends a search from within its progress."""


class AutoTune:
    """One search for the parameters of a model, already begun. `done` is called in its thread when it has ended.

    rows: the rows filtered so far.  fit: the result, None until then.  error: a sentence if it failed.
    """

    def __init__(self, model: Model, log: Log, method: Method, done: Callable[[], None]) -> None:
        self.rows = 0
        self.fit: Fit | None = None
        self.error = "The search ended without a result."
        self.notes: list[str] = []
        ungated = without_gates(method, model.sensor_names)
        if ungated != method:
            self.notes = [
                "Readings that a gate rejects add nothing to the likelihood, so the search used a bound instead: "
                f"{ungated!r}."
            ]
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._search, args=(model, log, ungated, done), name="auto-tune", daemon=True
        )
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the search goes on."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """End the search at its next step; the model is as it was."""
        self._stop.set()

    def join(self, seconds: float | None = None) -> None:
        """Wait for the end of the search."""
        self._thread.join(seconds)

    def _search(self, model: Model, log: Log, method: Method, done: Callable[[], None]) -> None:
        try:
            self.fit = tune(model, log, method=method, heldout=False, progress=self._progress)
        except CancelledError:
            self.error = "Cancelled: the parameters are as they were."
        except FoglightError as error:
            self.error = str(error)
        finally:
            done()

    def _progress(self, rows: int) -> None:
        self.rows = rows
        if self._stop.is_set():
            raise CancelledError


def found(fit: Fit, notes: list[str], labels: Mapping[str, Label]) -> dict[str, Any]:
    """The fitted values with their 95 % intervals, as the sliders show them, and what the search says about them."""
    rows = []
    for name, value in fit.params.items():
        power = labels[name].power if name in labels else 1
        ends = [end**power for end in fit.intervals.get(name, ())]
        known = ends if ends and np.isfinite(ends).all() else None
        rows.append({"parameter": name, "value": value**power, "interval": known})
    return {
        "parameters": rows,
        "loglik": float(fit.loglik) if np.isfinite(fit.loglik) else None,
        "converged": bool(fit.converged),
        "sentences": [*notes, *map(str, fit.advice)],
    }
