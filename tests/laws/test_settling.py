"""Where a filter settles is the solution of the Riccati equation: by `steady_state`, and by running on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mpmath import mp

import foglight as fog
from oracle import models, riccati
from oracle.matrices import exact, floats
from oracle.metrics import within

from .exactness import whitened
from .linear_cases import DISTINCT

CASES = {
    seed: models.full(seed, n, m, steps=400)
    for seed, (n, m) in {151: (2, 1), 152: (3, 2), 153: (2, 3)}.items()
}


def by_newton(case: models.Linear, digits: int = 60) -> tuple[Any, Any]:
    """Predicted and filtered covariance; no gain at all will start Newton's method, for F is stable."""
    P = riccati.settled(case.F, case.Q, case.H, case.R, np.zeros((len(case.F), len(case.H))), digits)
    with mp.workdps(digits):
        return floats(exact(case.F) @ P @ exact(case.F).T + exact(case.Q)), floats(P)


@pytest.mark.parametrize("seed", CASES)
def test_steady_state_is_newtons(seed: int) -> None:
    assert_settled(CASES[seed], *by_newton(CASES[seed]))


def assert_settled(case: models.Linear, predicted: Any, filtered: Any) -> None:
    found = fog.steady_state(case.F, case.Q, case.H, case.R)
    S = case.H @ predicted @ case.H.T + case.R
    within("predicted", whitened(predicted, found.predicted_cov - predicted), 1e-12)
    within("filtered", whitened(filtered, found.filtered_cov - filtered), 1e-12)
    within("innovation", whitened(S, found.innovation_cov - S), 1e-12)
    within("gain", np.abs(found.gain @ S - predicted @ case.H.T), 1e-12)


@pytest.mark.parametrize("method", DISTINCT, ids=repr)
def test_a_long_run_ends_there(method: Any) -> None:
    case = CASES[152]
    predicted, filtered = by_newton(case)
    model = fog.linear_model(case.F, case.Q, case.H, case.R, start=fog.Belief(case.mean, cov=case.cov))
    run = fog.run(model, fog.Log.regular(case.z, dt=1.0), method=method)
    within("predicted", whitened(predicted, run.predicted.cov[-1] - predicted), 1e-12)
    within("filtered", whitened(filtered, run.filtered.cov[-1] - filtered), 1e-12)
    assert whitened(filtered, run.filtered.cov[1] - filtered) > 1e-6  # it was elsewhere before


@pytest.mark.parametrize(
    "wrong",
    [
        {"R": 0.9 * CASES[152].R},
        {"Q": 1.05 * CASES[152].Q},
        {"F": CASES[152].F.T},
        {"H": (1 + 1e-9) * CASES[152].H},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_noise_settles_elsewhere(wrong: dict[str, Any]) -> None:
    """The planted defects of the comparison."""
    with pytest.raises(AssertionError, match="used"):
        assert_settled(replace(CASES[152], **wrong), *by_newton(CASES[152]))
