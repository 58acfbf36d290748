"""Equations on symbols: their cost, and limits that are those of the float type."""

import numpy as np
import pytest

from foglight.equations import angles, measurement, ud
from unit.both import cost, single, symbols
from unit.gaussians import gaussian, pattern


@pytest.mark.parametrize(
    ("n", "kind", "count"),
    [
        (1, "one", 17),
        (8, "full", 724),
        (8, "one", 373),
        (8, "two", 670),
        (9, "full", 353),
        (9, "one", 212),
        (9, "two", 283),
    ],
)
def test_the_cost_of_an_update(n: int, kind: str, count: int) -> None:
    """Above 8 states only the row of a state that is measured directly takes n² operations."""
    rng = np.random.default_rng(n)
    x, U, D = gaussian(rng, n)
    assert cost(ud.condition, x, U, D, pattern(rng, n, kind), 0.5, 1.0) == count


def test_the_rank_of_a_covariance_is_judged_by_the_rounding_of_its_type() -> None:
    A = np.array([[4.0, 2.0], [2.0, 1.0]])
    for steps, rank in ((3, 1), (5, 2)):
        A[1, 1] = 1.0 + steps * 2.0**-23
        assert np.sum(single(ud.split, A)[1] > 0.0) == rank
        assert np.sum(symbols(ud.split, A)[1] > 0.0) == 2


@pytest.mark.parametrize(("way", "power"), [(single, 120), (symbols, 1016)])
def test_exponents_are_summed_up_to_the_ends_of_the_type(way: object, power: int) -> None:
    """Σ log S where the product of S is far outside the range of the type, and with the largest exponent."""
    for powers in ([power, power, power], [-power, -power, 3], [power + 7, -power]):
        S = np.ldexp(1.5, powers)
        found = way(measurement.log_product, list(S))  # type: ignore[operator]
        expected = sum(powers) * np.log(2.0) + len(powers) * np.log(1.5)
        assert abs(found / expected - 1.0) < (1e-6 if way is single else 1e-15)


def test_in_float32_a_turn_too_many_is_corrected_on_either_side() -> None:
    """Angles whose quotient is rounded to the neighbouring turn, on each side."""
    pi = float(np.float32(np.pi))
    for a in [1021.0176391601562, -2126.8583984375, -15.707963943481445, 2309.070556640625]:
        assert -pi <= float(single(angles.wrap, a)) < pi
        turns = np.floor(np.float32((np.float32(a) + np.float32(np.pi)) / np.float32(2 * np.pi)))
        assert not -pi <= np.float32(a) - np.float32(2 * np.pi) * turns < pi, "this one needs no select"
