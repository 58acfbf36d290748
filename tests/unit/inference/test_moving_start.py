"""A start that depends on the parameters: in runs, in the likelihood, and in its gradient."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.inference.likelihood import Likelihood

SERIES = np.random.default_rng(3).normal(size=40).cumsum()


def likelihood(values: dict[str, float], **spec: Any) -> Likelihood:
    model = fog.structural(level=None, **spec).with_parameters(values)
    return Likelihood(model, fog.Log.regular(SERIES[:, None], dt=1.0))


def test_the_likelihood_is_that_of_the_joint_gaussian() -> None:
    """Of an AR(1) with noise: covariances std² φ^|i-j|, written out."""
    std, phi, noise = 1.3, 0.7, 0.4
    found = likelihood({"ar_std": std, "ar_partial_1": phi, "irregular_std": noise}, autoregressive=1)
    apart = np.abs(np.subtract.outer(np.arange(40), np.arange(40)))
    V = std**2 * phi**apart + noise**2 * np.eye(40)
    logdet = np.linalg.slogdet(2.0 * np.pi * V)[1]
    exact = -0.5 * (logdet + SERIES @ np.linalg.solve(V, SERIES))
    elsewhere = likelihood({"ar_std": 9.0, "ar_partial_1": -0.2}, autoregressive=1)
    for one in (found, elsewhere):
        assert one.loglik([std, phi, noise]) == pytest.approx(exact, rel=1e-12)
        assert one.at([std, phi, noise]).loglik == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    "values, spec",
    [
        ({"ar_partial_1": 0.6, "ar_partial_2": -0.3}, {"autoregressive": 2}),
        ({"cycle_damping": 0.8, "cycle_period": 9.0}, {"cycle": (5, 30), "irregular": False}),
        ({"ar_partial_1": 0.5, "season_std": 0.2}, {"autoregressive": 1, "seasonal": 3}),
    ],
    ids=["autoregression", "cycle", "beside unknown states"],
)
def test_the_gradient_follows_the_start(values: dict[str, float], spec: dict[str, Any]) -> None:
    found = likelihood(values, **spec)
    at = found.values
    gradient = found.at(at).gradient
    for i in range(len(at)):
        step = 1e-4 * np.eye(len(at))[i]
        near = (found.loglik(at + step) - found.loglik(at - step)) / 2e-4
        far = (found.loglik(at + 2.0 * step) - found.loglik(at - 2.0 * step)) / 4e-4
        assert gradient[i] == pytest.approx((4.0 * near - far) / 3.0, rel=1e-8, abs=1e-7)


def test_two_points_and_their_directions_at_once() -> None:
    """What several pairs of a point and a direction share does not mix."""
    found = likelihood({}, autoregressive=2)
    points = np.array([found.values, found.values * 0.9, found.values])
    together = found.along(
        points, np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.5, 0.0], [0.0, 0.0, 0.0, 1.0]])
    )
    for k, gradient in enumerate(found.at(point).gradient for point in points):
        direction = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.5, 0.0], [0.0, 0.0, 0.0, 1.0]][k]
        assert together[1][k] == pytest.approx(gradient @ direction, rel=1e-9)


def test_tracks_side_by_side_begin_alike() -> None:
    model = fog.structural(level=None, autoregressive=1)
    both = np.stack([SERIES, SERIES[::-1]])[:, :, None]
    together = Likelihood(model, fog.Log.regular(both, dt=1.0)).at([1.1, 0.3, 0.5])
    alone = [Likelihood(model, fog.Log.regular(z, dt=1.0)).at([1.1, 0.3, 0.5]) for z in both]
    assert together.loglik == pytest.approx(sum(one.loglik for one in alone), rel=1e-12)
    assert together.gradient == pytest.approx(sum(one.gradient for one in alone), rel=1e-10)
