"""The figures by which filters are compared: likelihood, NIS, errors and time of one method on one log."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foglight.core.errors import FoglightError, ModelError, NumericalError
from foglight.core.types import Floats, Time
from foglight.data.log import Log
from foglight.diagnostics.chi_square import WITHIN, Band, nis_band
from foglight.diagnostics.truth import errors_from
from foglight.inference.run import Run
from foglight.inference.run import run as filtered
from foglight.methods.method import Method
from foglight.model.model import Model

NOTHING = Band(float("nan"), float("nan"), float("nan"), 0)


@dataclass(frozen=True)
class Compared:
    """One method's row of a comparison. refused: why it did not run; its figures are then NaN.

    loglik: of all readings.  nis: mean per component with its 95 % band.  inside: share of rows whose NIS is within
    its 95 % region.  With truth, over the rows where it is known: rmse (n,); nees: mean per state, 1 for a consistent
    filter; covered (n,): share of true states within their 95 % intervals.  seconds: per step.
    """

    method: Method
    run: Run | None = None
    refused: str = ""
    loglik: float = float("nan")
    nis: Band = NOTHING
    inside: float = float("nan")
    rmse: Floats = field(default_factory=lambda: np.zeros(0))
    nees: float = float("nan")
    covered: Floats = field(default_factory=lambda: np.zeros(0))
    seconds: float = float("nan")
    # The log density of each row's readings, which components of each row were used, the log density of its truth.
    readings: Floats = field(default_factory=lambda: np.zeros(0))
    used: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    states: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def name(self) -> str:
        """The method's repr, `EKF(iterations=3)`."""
        return repr(self.method)


def compared(
    model: Model, log: Log, method: Method, truth: Floats | None, start_time: Time | None
) -> tuple[Compared, FoglightError | None]:
    """The figures of one method, without its time; if it is refused, a row with the reason, and the error."""

    n = len(model.state)
    try:
        run = filtered(model, log, method, start_time=start_time)
    except (ModelError, NumericalError) as reason:
        nothing = np.full(n, np.nan)
        return Compared(method, refused=" ".join(str(reason).split()), rmse=nothing, covered=nothing), reason
    figures: dict[str, Any] = {
        "loglik": float(np.sum(run.loglik)),
        "nis": nis_band(run),
        "inside": _inside(run),
        "readings": run.row_loglik.ravel(),
        "used": ~np.isnan(run.innovation).reshape(-1, run.innovation.shape[-1]),
    }
    if truth is not None:
        figures |= _against_truth(run, truth)
    return Compared(method, run, **figures), None


def _inside(run: Run) -> float:
    """The share of rows with readings whose NIS is at most the 95 % point of its χ²."""
    from scipy.special import gammaincinv

    nis = run.nis.ravel()
    components = (~np.isnan(run.innovation)).sum(axis=-1).ravel()
    known = (components > 0) & ~np.isnan(nis)
    if not known.any():
        return float("nan")
    return float(np.mean(nis[known] <= 2.0 * gammaincinv(components[known] / 2.0, 0.95)))


def _against_truth(run: Run, truth: Floats) -> dict[str, Any]:
    errors = errors_from(run.filtered, run.model, truth)
    n = len(run.model.state)
    error, std = errors.error.reshape(-1, n), run.filtered.std.reshape(-1, n)
    known = ~np.isnan(error)
    count = known.sum(axis=0)
    some = np.where(count > 0, count, np.nan)
    total = int(errors.known.sum())
    return {
        "rmse": np.sqrt(np.nansum(error**2, axis=0) / some),
        "nees": float(np.nansum(errors.nees) / total) if total else float("nan"),
        "covered": np.sum(known & (np.abs(error) <= WITHIN * std), axis=0) / some,
        "states": errors.log_density.ravel(),
    }
