"""Beliefs within limits, as a filter reports them."""

from typing import Any

import numpy as np

import foglight as fog
from foglight.inference.gaussians import belief_from
from foglight.inference.prepare import start_carry


def cut(method: Any, mean: Any, cov: Any, limits: Any) -> fog.Belief:
    """A belief of n states within limits. Its mean may be outside, where no start may be."""
    n = len(mean)
    model = fog.linear_model(np.eye(n) + 0.1, np.eye(n), np.ones((1, n)), [[1.0]], start=None, limits=limits)
    given = fog.Belief(mean, cov=cov)
    carry = np.array(start_carry(free_of(model, given), method))
    return belief_from(model, method, carry)


def free_of(model: fog.Model, start: fog.Belief) -> fog.Model:
    """The same model without limits, with this start."""
    n = len(model.state)
    return fog.linear_model(np.eye(n) + 0.1, np.eye(n), np.ones((1, n)), [[1.0]], start=start)
