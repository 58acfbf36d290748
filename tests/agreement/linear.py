"""A linear problem of the references put to Foglight, in one place for all agreement tests."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog

Array = NDArray[np.float64]


def filtered(problem: Any, z: Array | None = None, method: Any = None, predict_first: bool = False) -> Any:
    """Run a problem with F, Q, H, R, z, b, d and a start (mean, cov or start_mean, start_cov).

    Rows are one second apart; with `predict_first` the start lies one second before the first row.
    """
    mean = problem.mean if hasattr(problem, "mean") else problem.start_mean
    cov = problem.cov if hasattr(problem, "cov") else problem.start_cov
    model = fog.linear_model(
        problem.F, problem.Q, problem.H, problem.R, start=fog.Belief(mean, cov=cov), b=problem.b, d=problem.d
    )
    z = problem.z if z is None else z
    log = fog.Log.from_arrays(np.arange(1.0, len(z) + 1), sensor=z)
    return fog.run(
        model, log, method=fog.KF() if method is None else method, start_time=0.0 if predict_first else None
    )
