"""Correlations of innovations against naive ones, and their distribution on logs of every shape against simulation."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.signal import lfilter

from foglight.diagnostics.check import statistics
from foglight.diagnostics.check.correlations import (
    ENOUGH,
    Correlations,
    autocorrelations,
    correlation,
    cross_correlations,
    portmanteau,
)
from foglight.diagnostics.check.innovations import Innovations

Array = NDArray[np.float64]


def innovations(value: Array, sizes: tuple[int, ...], lengths: tuple[int, ...] = ()) -> Innovations:
    rows = len(value)
    track = np.repeat(np.arange(len(lengths)), lengths) if lengths else np.zeros(rows, np.int64)
    return Innovations(value, np.ones(value.shape), np.full((rows, len(sizes)), np.inf), track, sizes)


def naive(a: Array, b: Array) -> float:
    return float(np.sum(a * b) / np.sqrt(np.sum(a**2) * np.sum(b**2)))


def test_correlations_are_the_naive_ones_and_do_not_cross_tracks() -> None:
    rng = np.random.default_rng(4)
    value = rng.standard_normal((60, 3))
    value[rng.random((60, 3)) < 0.2] = np.nan
    found = innovations(value, (2, 1), (20, 13, 27))
    track = found.track
    for pair in autocorrelations(found):
        rows = np.flatnonzero(~np.isnan(value[:, pair.first]))
        for lag, rho, count in zip(pair.lags, pair.value, pair.counts, strict=True):
            both = np.array(
                [[a, b] for a, b in zip(rows[:-lag], rows[lag:], strict=True) if track[a] == track[b]]
            )
            first, second = value[both, pair.first].T
            assert count == len(both) and rho == pytest.approx(naive(first, second))
    pairs = {(p.first, p.second): p for p in cross_correlations(found)}
    assert pairs[0, 1].lags.tolist() == [0] and pairs[0, 2].lags.tolist() == list(range(-5, 6))
    for i, j in pairs:
        for lag, rho, count in zip(pairs[i, j].lags, pairs[i, j].value, pairs[i, j].counts, strict=True):
            both = np.array([
                [k, k + lag] for k in range(60)
                if 0 <= k + lag < 60 and track[k] == track[k + lag] and not np.isnan(value[k, i] * value[k + lag, j])
            ])  # fmt: skip
            assert count == len(both) and rho == pytest.approx(
                naive(value[both[:, 0], i], value[both[:, 1], j])
            )


def test_a_known_correlation_is_found() -> None:
    rng = np.random.default_rng(4)
    common = rng.standard_normal(20_000)
    value = np.stack([common, 0.6 * np.roll(common, 2) + 0.8 * rng.standard_normal(20_000)], axis=1)
    (pair,) = cross_correlations(innovations(value, (1, 1)))
    k = int(np.argmax(np.abs(pair.z)))
    assert pair.lags[k] == 2 and pair.value[k] == pytest.approx(0.6, abs=0.02)


def test_no_correlation_is_above_1() -> None:
    """A few large readings in tracks of two: products over the mean square of all would be up to 20."""
    rng = np.random.default_rng(9)
    value = 0.1 * rng.standard_normal((120, 2))
    value[80:96] = 8.0 * rng.standard_normal((16, 1))
    found = innovations(value, (1, 1), (*(4,) * 20, *(2,) * 20))
    for pair in [*autocorrelations(found), *cross_correlations(found)]:
        assert np.abs(pair.value).max() <= 1.0
        assert ((np.abs(pair.value) > pair.bound(3.0)) == (np.abs(pair.z) > 3.0)).all()
    (both,) = cross_correlations(found)
    assert both.value[5] > 0.99  # the same large readings in both
    assert correlation(value[:, 0], -2.0 * value[:, 0]) == pytest.approx(-1.0, rel=1e-15)
    assert correlation(np.zeros(9), np.ones(9)) == 0.0
    with np.errstate(over="ignore"):
        assert correlation(np.full(9, 1e200), np.ones(9) * 1e200) == 0.0  # not judged


def test_normal_numbers_are_those_of_students_t() -> None:
    """To 2 % of the probability at 5 %, and to 35 % at 1e-7, where the test is on the safe side."""
    count = np.array([8, 12, 40, 300, 20_000])
    for p, alike in ((0.05, 0.02), (1e-3, 0.06), (1e-5, 0.17), (1e-7, 0.35)):
        t = stats.t.isf(p / 2.0, count - 1)
        pair = Correlations(0, 1, np.arange(5), t / np.sqrt(t**2 + count - 1), count)
        found = 2.0 * stats.norm.sf(pair.z)
        assert (found > 0.999 * p).all() and (found < (1.0 + alike) * p).all()
        z = float(stats.norm.isf(p / 2.0))
        assert Correlations(0, 1, np.arange(5), pair.bound(z), count).z == pytest.approx(z, rel=1e-9)
    few = Correlations(0, 1, np.arange(2), np.array([1.0, -0.9]), np.array([ENOUGH - 1, 0]))
    assert few.z.tolist() == [0.0, 0.0] and few.bound(3.0).tolist() == [1.0, 1.0]


# One series, equal tracks, ragged tracks, many tracks of 2 or 3, one track much longer than all others.
SHAPES = [
    (12,), (20,), (60,), (2,) * 12, (3,) * 10, (5,) * 6, (11,) * 8, tuple(range(2, 12)), tuple(range(2, 12)) * 4,
    (*(2,) * 30, 25), (*(1,) * 50, *(9,) * 4), (25,) * 6,
]  # fmt: skip


@pytest.mark.parametrize("lengths", SHAPES, ids=lambda lengths: f"{len(lengths)} tracks, {sum(lengths)} rows")
def test_a_correlation_of_white_noise_keeps_its_level_at_every_lag(lengths: tuple[int, ...]) -> None:
    """Law of z on 20,000 logs a shape: never above N(0, 1) in the tails. Mean products over the mean square of all
    readings, times √count, exceed 0.001 three times as often at late lags of ragged tracks."""
    rng, logs = np.random.default_rng(sum(lengths)), 20_000
    rows = sum(lengths)
    track = np.repeat(np.arange(len(lengths)), lengths)
    value = rng.standard_normal((rows, logs))
    for lag in range(1, min(20, rows // 4) + 1):
        first = np.flatnonzero(track[:-lag] == track[lag:])
        if len(first) < ENOUGH:
            continue
        a, b = value[first], value[first + lag]
        r = np.sum(a * b, axis=0) / np.sqrt(np.sum(a * a, axis=0) * np.sum(b * b, axis=0))
        z = np.abs(Correlations(0, 0, np.arange(logs), r, np.full(logs, len(first))).z)
        for p in (0.05, 0.01, 1e-3):
            share = np.mean(z > stats.norm.isf(p / 2.0))
            assert share < p + 4.0 * np.sqrt(p / logs), f"lag {lag}, {len(first)} products"
            assert p < 0.05 or share > 0.6 * p  # and the test is not wasteful


OTHERS = [pytest.param(lengths, marks=pytest.mark.campaign) for lengths in ((900,), (25,) * 40, (3,) * 200)]


@pytest.mark.parametrize("lengths", [tuple(range(2, 12)) * 10, (60,) * 8, *OTHERS], ids=len)
def test_all_lags_together_keep_their_level(lengths: tuple[int, ...]) -> None:
    """Ljung and Box's weights n - lag are those of one series: 100 tracks of 2 to 11 rows exceed 0.001 in four logs of
    ten by them."""
    rng, logs = np.random.default_rng(3), 4_000
    hits = np.zeros(3)
    levels = np.array([0.05, 0.01, 1e-3])
    rows = sum(lengths)
    for _ in range(logs // 20):
        # Twenty logs are twenty components of one.
        found = innovations(rng.standard_normal((rows, 20)), (20,), lengths)
        for pair in autocorrelations(found):
            hits += portmanteau(pair) < levels
    assert (hits / logs < levels + 3.5 * np.sqrt(levels / logs)).all()
    assert hits[0] / logs > 0.03


@pytest.mark.parametrize("lengths", [(600,), tuple(range(2, 12)) * 8, (25,) * 30], ids=len)
def test_weak_colour_is_seen_in_tracks_as_in_one_series(lengths: tuple[int, ...]) -> None:
    """A correlation of 0.3 from row to row, by single lags and by all of them together, at 0.0001."""
    rng = np.random.default_rng(8)
    seen = np.zeros(2)
    for _ in range(40):
        parts = [lfilter([0.91**0.5], [1.0, -0.3], rng.standard_normal(n + 30))[30:] for n in lengths]
        (pair,) = autocorrelations(innovations(np.concatenate(parts)[:, None], (1,), lengths))
        seen += [np.abs(pair.z).max() > 4.4, portmanteau(pair) < 1e-4]
    assert (seen / 40 > 0.85).all()


@pytest.mark.parametrize("count", [1, 20, 22, 137, 200_000])
def test_bounds_of_a_share_are_binomial(count: int) -> None:
    """The normal approximation marks 0.34 % of the healthy logs of 22 readings at 0.1 %."""
    for share in statistics.COVERED:
        low, high = statistics.share_bounds(share, count, 1e-3)
        assert round(low * count) == stats.binom.ppf(0.0005, count, share)
        assert round(high * count) == stats.binom.ppf(0.9995, count, share)
        outside = stats.binom.cdf(round(low * count) - 1, count, share) + stats.binom.sf(
            round(high * count), count, share
        )
        assert outside <= 1e-3


def test_an_error_of_a_mean_allows_for_correlated_innovations() -> None:
    """Innovations with correlation 0.8 have nine times the variance in their mean: few such logs have a mean that is
    significant at 0.01, and none of white noise has more than the level allows."""
    rng, logs, rows = np.random.default_rng(1), 400, 800
    for phi, most in ((0.8, 0.035), (0.0, 0.021)):
        noise = rng.standard_normal((rows + 100, logs))
        value = lfilter([(1.0 - phi**2) ** 0.5], [1.0, -phi], noise, axis=0)[100:]
        mean, error = statistics.means(innovations(value, (logs,)))
        expected = np.sqrt((1.0 + phi) / (1.0 - phi) / rows)
        assert np.median(error) == pytest.approx(expected, rel=0.15)
        assert np.mean(np.abs(mean) > stats.norm.isf(0.005) * error) < most
        changed = [change.p < 0.01 for change in statistics.changes(innovations(value, (logs,)))]
        assert np.mean(changed) < most


def test_a_step_in_coloured_innovations_is_found_with_its_error() -> None:
    rng = np.random.default_rng(2)
    value = lfilter([0.8], [1.0, -0.6], rng.standard_normal(3_000))[:, None]
    value[1_800:] += 0.9
    (change,) = statistics.changes(innovations(value, (1,)))
    assert change.p < 1e-6 and abs(change.row - 1_800) < 60
    assert change.error == pytest.approx(np.sqrt(4.0 / 1_200), rel=0.25)
    assert change.shift == pytest.approx(0.9, abs=3.0 * change.error)
