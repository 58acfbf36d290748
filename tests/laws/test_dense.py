"""Every method in every form, through every door: what it states is exact, and true.

Exact: the numbers of dense conditioning in 60 digits. True: over one run per unit vector of the noise, the errors have
no bias and the stated covariance, the innovations are white and have S.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest

from .exactness import assert_consistent, assert_exact
from .linear_cases import FEATURES, Feature, Stated, runs_of

EVERY = [pytest.param(f, m, id=f"{f}-{m!r}") for f in FEATURES for m in f.methods]


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


def test_every_door_is_tried_with_every_method() -> None:
    assert len(EVERY) == 5 * 12 + 9 + 1
