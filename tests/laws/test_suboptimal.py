"""A filter of the wrong model: it states what its model says, errs as predicted, and is found out."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import foglight as fog
from oracle import models, suboptimal
from oracle.metrics import within

from .exactness import ASKED, assert_consistent, whitened
from .linear_cases import FEATURES, METHODS, ROWS, Stated, of_run, runs_of

BY_ROWS = FEATURES[0]


def late(a: Any) -> Any:
    """Every entry a row too late, the first one twice."""
    return np.concatenate([a[:1], a[:-1]])


CLAIMS = {
    "R of 0.9": {"R": 0.9 * ROWS.R},
    "R without its correlation": {"R": ROWS.R * np.eye(2)},
    "no Q": {"Q": 0.0 * ROWS.Q},
    "Q a row late": {"Q": late(ROWS.Q)},
    "P0 of a tenth": {"cov": 0.1 * ROWS.cov},
    "start elsewhere": {"mean": ROWS.mean + 1.0},
    "F transposed": {"F": ROWS.F.swapaxes(1, 2)},
    "H of 1.01": {"H": 1.01 * ROWS.H},
    "no offsets": {"b": 0.0 * ROWS.b, "d": 0.0 * ROWS.d},
    "everything a row late": {name: late(getattr(ROWS, name)) for name in "FQHRbd"},
}
SLIPS = {
    f"{name} of 1 + 1e-6": {name: (1 + 1e-6) * getattr(ROWS, name)} for name in ("F", "Q", "H", "R", "cov")
}
CLAIMS |= SLIPS
UNBIASED = ("start elsewhere", "no offsets")  # what leaves the covariance right


KERNELS: dict[Any, Any] = {}  # what is compiled for one of these models serves all: their matrices are inputs


def stated_of(claimed: models.Linear, method: Any) -> Stated:
    """What the filter of a claimed model states of the runs of the true one."""
    start = fog.Belief(claimed.mean, cov=claimed.cov)
    model = fog.linear_model(
        claimed.F, claimed.Q, claimed.H, claimed.R, b=claimed.b, d=claimed.d, start=start
    )
    model.kernels.update(KERNELS)
    log = fog.Log.regular(runs_of("rows").z, dt=1.0)
    stated = of_run(fog.run(model, log, method=method, start_time=-1.0))
    KERNELS.update(model.kernels)
    return stated


@cache
def predicted(claim: str) -> suboptimal.Answer:
    return suboptimal.compare(replace(ROWS, **CLAIMS[claim]), ROWS, predict_first=True)


@pytest.mark.parametrize("method", METHODS, ids=repr)
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_wrong_filter_errs_as_predicted_and_is_found_out(claim: str, method: Any) -> None:
    stated = stated_of(replace(ROWS, **CLAIMS[claim]), method)
    runs, answer = runs_of("rows"), predicted(claim)
    within("stated", whitened(answer.stated, stated["cov"][0] - answer.stated), ASKED)
    within("true", whitened(answer.true, runs.error_cov(stated["mean"]) - answer.true), ASKED)
    within("bias", whitened(answer.true, runs.bias(stated["mean"]) - answer.bias), ASKED)
    gap = whitened(answer.true, answer.stated - answer.true).max()
    assert gap < 1e-12 if claim in UNBIASED else gap > 1e-8
    with pytest.raises(AssertionError, match="used"):
        assert_consistent(BY_ROWS, stated)


def test_the_best_gain_is_the_one_of_the_true_model() -> None:
    """No claim gives less true variance in any direction than the truth does."""
    best = suboptimal.compare(ROWS, ROWS, predict_first=True)
    assert np.abs(best.stated - best.true).max() < 1e-15 and np.abs(best.bias).max() < 1e-15
    for claim in CLAIMS:
        assert np.linalg.eigvalsh(predicted(claim).true - best.true).min() > -1e-15, claim
