"""Every method in every form, through every door: what it states is exact, and true.

Exact: the numbers of dense conditioning in 60 digits. True: over one run per unit vector of the noise, the errors have
no bias and the stated covariance, the innovations are white and have S.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest

import foglight as fog
from oracle import dense, models
from oracle.metrics import within
from unit.on_arrays import on_arrays

from .exactness import assert_consistent, assert_exact, whitened
from .linear_cases import CURVED, FEATURES, Feature, Stated, runs_of


def marks(feature: Feature, method: Any) -> Any:
    """On linear models EKF() is KF() to the bit (test_forms.py): through most doors it is a campaign."""
    once = method in CURVED[:3] and fog.KF(form=method.form) in feature.methods
    return pytest.mark.campaign if once and feature is not FEATURES[0] else ()


EVERY = [pytest.param(f, m, id=f"{f}-{m!r}", marks=marks(f, m)) for f in FEATURES for m in f.methods]


@cache
def stated(name: str, method: Any) -> Stated:
    """Of the feature's own log, track 0, and of its runs."""
    feature = next(f for f in FEATURES if f.name == name)
    return feature.door(method, np.concatenate([feature.truth.z[None], runs_of(name).z]))


@pytest.mark.parametrize("feature, method", EVERY)
def test_what_is_stated_is_exact(feature: Feature, method: Any) -> None:
    assert_exact(feature, {name: values[0] for name, values in stated(feature.name, method).items()})


@pytest.mark.parametrize("feature, method", EVERY)
def test_what_is_stated_is_true(feature: Feature, method: Any) -> None:
    assert_consistent(feature, {name: values[1:] for name, values in stated(feature.name, method).items()})


# Through the doors that compile. Of each method and each door, one always; all of them as a campaign.
COMPILED = ("rows", "sensors and stamps", "controls")
ON_ARRAYS = [
    pytest.param(f, m, id=f"{f}-{m!r}", marks=() if k % 5 == 0 else pytest.mark.campaign)
    for k, (f, m) in enumerate((f, m) for f in FEATURES if f.name in COMPILED for m in f.methods)
]


@pytest.mark.parametrize("feature, method", ON_ARRAYS)
def test_so_it_is_on_whole_arrays(feature: Feature, method: Any) -> None:
    """Exact and true, with kernels on whole arrays in place of those on scalars."""
    with on_arrays() as names:
        said = feature.door(method, np.concatenate([feature.truth.z[None], runs_of(feature.name).z]))
    assert names
    assert_exact(feature, {name: values[0] for name, values in said.items()})
    assert_consistent(feature, {name: values[1:] for name, values in said.items()})


@pytest.mark.campaign
@pytest.mark.parametrize("n, m, rows", [(13, 2, 6), (20, 3, 5), (50, 4, 3)])
def test_so_are_many_states(n: int, m: int, rows: int) -> None:
    """Dense models, which run on whole arrays: filtered, smoothed, and their likelihood."""
    case = models.full(n, n, m, rows, missing=0.2)
    answer = dense.condition(
        case.F, case.Q, case.H, case.R, case.mean, case.cov, case.z, b=case.b, d=case.d
    ).rounded()
    start = fog.Belief(case.mean, cov=case.cov)
    model = fog.linear_model(case.F, case.Q, case.H, case.R, start=start, b=case.b, d=case.d)
    for method in (fog.KF(), fog.KF(form="joseph"), fog.UKF()):
        run = fog.run(model, fog.Log.regular(case.z, dt=1.0), method=method)
        smoothed = fog.smooth(run)
        assert "whole arrays" in run.engine and "whole arrays" in smoothed.engine
        for found, mean, cov in (
            (run.filtered, answer.mean, answer.cov),
            (smoothed, answer.smoothed_mean, answer.smoothed_cov),
        ):
            within("mean", whitened(cov, found.mean - mean), 1e-11)
            within("cov", whitened(cov, found.cov - cov), 1e-11)
        assert run.loglik == pytest.approx(float(answer.loglik), rel=1e-12)


def test_every_door_is_tried_with_every_method() -> None:
    assert len(EVERY) == 6 * 12 + 9 + 1 + 1
