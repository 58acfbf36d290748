"""The parts that all updates share, on numbers and on symbols: missing components, the likelihood, the faults."""

import math

import numpy as np
import pytest
from scipy import stats

from foglight.equations import measurement
from unit.both import BOTH, Call, floats

pytestmark = pytest.mark.parametrize("way", BOTH)
EPS = 2.0**-52
YES, NO = np.bool_(True), np.bool_(False)


def test_noise_of_missing_components_is_that_of_the_unit_matrix(way: Call) -> None:
    rng = np.random.default_rng(1)
    G = rng.normal(size=(3, 4))
    R = G @ G.T
    masked = way(measurement.mask_noise, R, [YES, NO, YES])
    expected = R.copy()
    expected[1] = expected[:, 1] = [0.0, 1.0, 0.0]
    np.testing.assert_array_equal(masked, expected)
    expected_last = R.copy()
    expected_last[2] = expected_last[:, 2] = [0.0, 0.0, 1.0]
    np.testing.assert_array_equal(way(measurement.mask_noise, R, [True, YES, NO]), expected_last)
    L, d, bad = way(measurement.noise_factor, R, [YES, NO, YES])
    assert d[1] == 1.0 and not bad
    np.testing.assert_allclose((L * d) @ L.T, expected, rtol=1e-14)


def test_where_nothing_is_missing_nothing_is_selected(way: Call) -> None:
    R = np.array([[2.0, 1.0], [1.0, 3.0]])
    used = [True, True]
    if way is floats:
        assert measurement.mask_noise(R, used) is R and measurement.mask_rows(R, used) is R
    np.testing.assert_array_equal(way(measurement.mask_noise, R, used), R)
    np.testing.assert_array_equal(way(measurement.mask_rows, R[0], used), R[0])


def test_rows_of_missing_components_are_zero_even_where_they_are_nan(way: Call) -> None:
    rows = np.array([[1.0, 2.0, 3.0], [math.nan, 5.0, math.nan], [7.0, 8.0, 9.0], [1.5, 2.5, math.nan]])
    before = rows.copy()
    masked = way(measurement.mask_rows, rows, [YES, NO, YES, NO])
    np.testing.assert_array_equal(masked, [[1, 2, 3], [0, 0, 0], [7, 8, 9], [0, 0, 0]])
    np.testing.assert_array_equal(rows, before)
    np.testing.assert_array_equal(
        way(measurement.mask_rows, rows[:, 0], [True, NO, YES, YES]), [1, 0, 7, 1.5]
    )


@pytest.mark.parametrize("m", [1, 2, 4])
def test_likelihood_is_that_of_independent_gaussians(way: Call, m: int) -> None:
    rng = np.random.default_rng(m)
    eps, S = rng.normal(size=m), 10.0 ** rng.uniform(-3, 3, m)
    nis, ll = way(measurement.likelihood, eps, S, [True] * m)
    assert abs(nis / np.sum(eps**2 / S) - 1.0) < 1e-14
    assert abs(ll - np.sum(stats.norm.logpdf(eps, 0.0, np.sqrt(S)))) < 1e-12


def test_what_is_missing_or_without_variance_adds_nothing(way: Call) -> None:
    eps, S = np.array([0.3, 0.0, -1.2, 0.7]), np.array([2.0, 1.0, 0.5, 1e-310])
    nis, ll = way(measurement.likelihood, eps, S, [YES, NO, True, YES])
    assert abs(nis - (0.3**2 / 2.0 + 1.2**2 / 0.5)) < 1e-14
    alone = stats.norm.logpdf([0.3, -1.2], 0.0, np.sqrt([2.0, 0.5])).sum()
    assert abs(ll - alone) < 1e-14
    nis, ll = way(measurement.likelihood, eps[3:], S[3:], [True])
    assert nis == 0.0 and ll == 0.0
    nis, ll = way(measurement.likelihood, eps[:1], S[:1], [NO])
    assert abs(ll + 0.5 * (math.log(2.0) + 0.3**2 / 2.0)) < 1e-15


def test_logarithms_of_products_neither_overflow_nor_cancel(way: Call) -> None:
    for S in ([2.0**1000, 3.0 * 2.0**1000, 2.0**900], [2.0**-1000] * 3, [1e-300, 1e300], [0.75], [1.9, 1.9]):
        found = way(measurement.log_product, S)
        assert abs(found - sum(map(math.log, S))) <= 4e-16 * sum(abs(math.log(s)) for s in S)
    S = [0.3, 5.7, 11.0]
    scaled = way(measurement.log_product, [S[0] * 2.0**40, S[1], S[2] * 2.0**-10])
    assert abs(scaled - way(measurement.log_product, S) - 30 * math.log(2.0)) < 1e-14
    assert (
        abs(way(measurement.log_product, [2.0**1023 * 1.5, 3.0]) - 1023 * math.log(2) - math.log(4.5)) < 2e-13
    )


def faults(way: Call, **changed: object) -> list[bool]:
    """The faults of one sound component, with these changes."""
    sound = dict(
        eps=np.array([0.5]), S=np.array([2.0]), r=np.array([0.25]), sizes=[9.0], spreads=[3.0], used=[YES], n=3,
        indefinite=NO,
    )  # fmt: skip
    return [bool(mask) for mask in way(measurement.judge, *(sound | changed).values())]


def test_a_sound_update_has_no_faults(way: Call) -> None:
    assert faults(way) == [False] * 4
    assert faults(way, used=[True]) == [False] * 4
    assert faults(way, indefinite=YES) == [True, False, False, False]


def test_a_contradiction_is_beyond_1024_n_eps_of_its_terms_where_nothing_is_uncertain(way: Call) -> None:
    limit = 1024 * 3 * EPS * 3.0
    nothing = {"S": np.array([0.0]), "r": np.array([0.0]), "spreads": [0.0]}
    for factor, contradicted in ((0.999, False), (1.0, False), (1.001, True), (-1.001, True)):
        eps = np.array([factor * limit])
        assert faults(way, eps=eps, **nothing)[1] == contradicted
        assert not faults(way, eps=eps, **nothing | {"used": [NO]})[1]
        assert not faults(way, eps=eps, **nothing | {"S": np.array([2.0**-1022])})[1]
        assert faults(way, eps=eps, **nothing | {"S": np.array([1e-310])})[1] == contradicted
    assert faults(way, eps=np.array([limit]), **nothing | {"sizes": [4.0]})[1]
    assert not faults(way, eps=np.array([limit]), **nothing | {"n": 4})[1]


def test_ill_conditioned_is_half_of_the_digits(way: Call) -> None:
    for S, ill in ((3.0 * EPS, True), (3.0 * EPS * (1 + EPS), False), (2.0 * EPS, True), (0.0, True)):
        assert faults(way, S=np.array([S]), r=np.array([0.0]))[2] == ill
        assert not faults(way, S=np.array([S]), r=np.array([0.0]), used=[NO])[2]


def test_saturated_is_a_variance_lost_in_rounding(way: Call) -> None:
    for steps, saturated in ((255.5, True), (256.0, False), (257.0, False)):
        r = np.array([1.0 - steps * EPS])
        assert faults(way, S=np.array([1.0]), r=r)[3] == saturated
        assert not faults(way, S=np.array([1.0]), r=r, used=[NO])[3]


def test_one_component_is_enough(way: Call) -> None:
    """A fault of one component is found at each position among sound ones."""
    for k in range(3):
        eps, S, r = np.full(3, 0.5), np.full(3, 2.0), np.full(3, 0.25)
        spreads = [3.0] * 3
        eps[k], S[k], r[k] = 1.0, 0.0, 0.0
        found = way(measurement.judge, eps, S, r, [9.0] * 3, spreads, [True] * 3, 3, False)
        assert [bool(v) for v in found] == [False, True, True, False]
        S, r = np.full(3, 2.0), np.full(3, 0.25)
        r[k] = 2.0
        found = way(measurement.judge, eps, S, r, [9.0] * 3, spreads, [YES] * 3, 3, False)
        assert [bool(v) for v in found] == [False, False, False, True]
