"""Small covariances are factored to the bits of the general code, and it decides alike what is none."""

import numpy as np
import pytest

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.model import covariance, small_covariance


def candidates() -> list[Array]:
    """Matrices of all ranks and units, some with zeros or exact numbers, some not quite symmetric or definite."""
    rng, found = np.random.default_rng(1), []
    for k in range(900):
        n = int(rng.integers(1, small_covariance.UP_TO + 1))
        A = rng.normal(size=(n, int(rng.integers(1, n + 2)))) * 10.0 ** rng.uniform(-8, 8, (n, 1))
        if k % 3 == 0:
            A = A * (rng.random(A.shape) < 0.5)
        if k % 5 == 0:
            A = np.round(rng.normal(size=A.shape) * 2)
        P = A @ A.T
        if k % 7 == 0:
            P = P + np.diag(rng.random(n)) * 1e-12
        if k % 11 == 0:
            P[rng.integers(n), rng.integers(n)] *= 1 + 10.0 ** rng.uniform(-12, -5)
        if k % 13 == 0:
            P = P * 1e-300
        if k % 17 == 0:
            P = P - np.diag(np.diag(P)) * 10.0 ** rng.uniform(-16, -1)
        found.append(P)
    return found


def test_bits_and_refusals_are_those_of_the_general_code() -> None:
    refused = 0
    for P in candidates():
        found = small_covariance.factor(P, covariance.ASYMMETRY)
        try:
            G, v = (part[0] for part in covariance.factor_rows(P[None]))
        except ModelError:
            refused += 1
            assert found is None, P
            continue
        assert found is not None, P
        assert (found[0].tobytes(), found[1].tobytes()) == (G.tobytes(), v.tobytes()), P
    assert 50 < refused < 300


@pytest.mark.parametrize(
    "P",
    [
        [[-1.0]],
        [[1.0, 2.0], [2.0, 1.0]],
        [[1.0, 0.5], [0.4, 1.0]],
        [[0.0, 0.1], [0.1, 1.0]],
        [[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]],
    ],
)
def test_what_is_no_covariance_is_left_to_the_error_message(P: list[list[float]]) -> None:
    assert small_covariance.factor(np.array(P), covariance.ASYMMETRY) is None
    with pytest.raises(ModelError):
        covariance.factor_covariance(P)


def test_what_overflows_in_the_units_of_its_states_is_no_covariance() -> None:
    P = np.array([[1e-300, 1e300], [1e300, 1e-300]])
    assert small_covariance.factor(P, covariance.ASYMMETRY) is None


def test_a_noise_that_is_changed_in_place_is_factored_again() -> None:
    Q = np.array([[2.0, 0.3], [0.3, 1.0]])
    before = covariance.noise_factors(Q, 2, "Q")
    assert covariance.noise_factors(Q.copy(), 2, "Q") is before
    Q[1, 1] = 4.0
    np.testing.assert_allclose(covariance.noise_factors(Q, 2, "Q").cov, Q, rtol=1e-15)
    np.testing.assert_allclose(before.cov, [[2.0, 0.3], [0.3, 1.0]], rtol=1e-15)
    with pytest.raises(ValueError, match="read-only"):
        before.G[0, 0] = 1.0
    R = covariance.noise_matrix(Q, 2, "R")
    Q[0, 1] = Q[1, 0] = 0.7
    assert covariance.noise_matrix(Q, 2, "R")[0, 1] == 0.7
    assert R[0, 1] == 0.3
