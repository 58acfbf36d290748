"""The statistics of a check against naive ones: truncated χ², degrees of freedom, levels."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.signal import lfilter

import foglight as fog
from foglight.diagnostics import chi_square
from foglight.diagnostics.check import statistics
from foglight.diagnostics.check.against_truth import state_error
from foglight.diagnostics.check.correlations import autocorrelations, correlation_time, portmanteau
from foglight.diagnostics.check.innovations import Innovations, innovations_of
from unit.diagnostics.test_check_correlations import innovations


@pytest.mark.parametrize("m", [1, 2, 3, 5])
@pytest.mark.parametrize("p", [0.5, 0.9, 0.999])
def test_moments_of_a_truncated_chi_square_by_quadrature(m: int, p: float) -> None:
    limit = stats.chi2.ppf(p, m)
    found = chi_square.cut(m, limit)
    moment = [
        quad(lambda q, k=k: q**k * stats.chi2.pdf(q, m), 0.0, limit, epsabs=1e-13)[0] / p for k in (1, 2)
    ]
    assert m * found.square == pytest.approx(moment[0], rel=1e-8)
    total = m * found.spread + m * (m - 1) * found.common
    assert total == pytest.approx(moment[1] - moment[0] ** 2, rel=1e-7)
    assert found.kept == pytest.approx(p, rel=1e-12)
    assert found.common < 1e-15  # the squares share the limit
    for share in (0.05, 0.5, 0.95):
        assert chi_square.quantile(m, share, limit) == pytest.approx(stats.chi2.ppf(share * p, m), rel=1e-10)


def test_fourth_moment_of_one_component_by_simulation() -> None:
    rng = np.random.default_rng(3)
    draws = rng.standard_normal((1_000_000, 3))
    kept = draws[(draws**2).sum(axis=1) <= 4.0]
    found = chi_square.cut(3, 4.0)
    assert np.mean(kept[:, 1] ** 2) == pytest.approx(float(found.square), rel=0.005)
    assert np.var(kept[:, 1] ** 2) == pytest.approx(float(found.spread), rel=0.01)
    assert np.cov(kept[:, 0] ** 2, kept[:, 1] ** 2)[0, 1] == pytest.approx(float(found.common), rel=0.03)


def test_without_a_gate_nothing_is_truncated() -> None:
    found = chi_square.cut([1.0, 4.0], np.inf)
    assert np.array_equal(found.square, [1.0, 1.0]) and np.array_equal(found.spread, [2.0, 2.0])
    assert np.array_equal(found.common, [0.0, 0.0]) and np.array_equal(found.kept, [1.0, 1.0])


def test_bounds_of_whole_squares_are_those_of_chi_square() -> None:
    low, high = chi_square.sum_bounds(137.0, 2.0 * 137.0, 0.01)
    assert [low, high] == pytest.approx(stats.chi2.ppf([0.005, 0.995], 137), rel=1e-12)
    assert chi_square.critical(0.01) == pytest.approx(stats.norm.ppf(0.995), rel=1e-12)
    assert chi_square.two_sided([-1.3, 2.0]) == pytest.approx(2 * stats.norm.sf([1.3, 2.0]), rel=1e-12)


def test_discovery_rates_are_those_of_scipy() -> None:
    p = np.random.default_rng(5).random(400) ** 3
    p[:3] = p[7], 0.0, 1.0
    assert np.array_equal(chi_square.discovery_rates(p), stats.false_discovery_control(p, method="bh"))
    assert (
        np.array_equal(chi_square.discovery_rates(p[:1]), p[:1])
        and not chi_square.discovery_rates(p[:0]).size
    )


MOTION = fog.motion.constant_velocity(("x", "y"), accel=(0.7, 0.4))
SENSORS = [
    fog.sensing.linear("gps", of=("x", "y"), std=(0.9, 1.3)),
    fog.sensing.linear("rope", of="x", std=0.4),
]
START = fog.Belief([1.0, 2.0, 0.3, -0.2], std=[2.0, 1.0, 0.5, 0.7])


def test_degrees_of_freedom_of_missing_gated_and_bounded_readings() -> None:
    model = fog.Model(MOTION, SENSORS, START)
    log, _ = fog.simulate(model, steps=400, dt=0.3, seed=5)
    z = log.bind(model).copy()
    z[::3, 0], z[::5, 2] = np.nan, np.nan
    log = fog.Log.from_arrays(log.time_ns / 1e9, gps=z[:, :2], rope=z[:, 2:])
    plain = innovations_of(fog.run(model, log))
    assert plain.counts.sum() == np.count_nonzero(~np.isnan(z))
    assert plain.counts[:, 0].tolist() == (~np.isnan(z[:, :2])).sum(axis=1).tolist()
    assert np.isinf(plain.limit).all()

    run = fog.run(model, log, fog.KF(gate={"gps": 0.8}))
    gated = innovations_of(run)
    assert np.array_equal(gated.used, ~np.isnan(run.innovation))
    assert gated.counts.sum() < plain.counts.sum() - 20
    both = gated.counts[:, 0] == 2
    assert gated.limit[both, 0] == pytest.approx(stats.chi2.ppf(0.8, 2))
    assert gated.limit[gated.counts[:, 0] == 1, 0] == pytest.approx(stats.chi2.ppf(0.8, 1))
    assert np.isinf(gated.limit[:, 1]).all()
    assert np.asarray(gated.expected.square)[both, 0] == pytest.approx(
        quad(lambda q: q * stats.chi2.pdf(q, 2), 0, stats.chi2.ppf(0.8, 2))[0] / 0.8 / 2
    )

    held = innovations_of(fog.run(model, log, fog.KF(huber=1.0)))
    one = held.counts[:, 1] == 1
    assert held.limit[one, 1] == pytest.approx(1.0)  # one component within a deviation
    assert (np.abs(held.value[one, 2]) <= 1.0).all()


def test_components_absorbed_by_a_diffuse_start_are_not_degrees_of_freedom() -> None:
    model = fog.linear_model(
        [[1.0, 0.5], [0.0, 1.0]], [[0.3, 0.1], [0.1, 0.2]], [[1.0, 0.4]], [[0.5]], start=None
    )
    rng = np.random.default_rng(8)
    run = fog.run(model, fog.Log.regular(np.cumsum(rng.standard_normal(60)), 1.0))
    found = innovations_of(run)
    assert found.counts.sum() == 58 and not found.used[:2].any()
    mean = statistics.nis_mean(found, 0.01, [0])
    assert mean.dof == 58 and mean.value == pytest.approx(np.nansum(run.nis) / 58)
    assert [mean.low, mean.high] == pytest.approx(stats.chi2.ppf([0.005, 0.995], 58) / 58)


def test_nis_by_sensor_adds_up_to_that_of_the_run() -> None:
    model = fog.Model(MOTION, SENSORS, START)
    log, _ = fog.simulate(model, steps=100, dt=0.3, seed=5, missing=0.3)
    run = fog.run(model, log)
    found = innovations_of(run)
    assert np.nansum(found.nis, axis=1) == pytest.approx(np.nan_to_num(run.nis), rel=1e-10)
    log_s = 2.0 * np.nansum(np.log(found.scale)) + found.used.sum() * np.log(2.0 * np.pi)
    assert run.loglik == pytest.approx(-0.5 * (np.nansum(found.value**2) + log_s), rel=1e-12)


def test_the_level_is_kept_by_every_test_of_white_noise() -> None:
    rng = np.random.default_rng(11)
    hits = np.zeros(4)
    runs = 300
    for _ in range(runs):
        found = innovations(rng.standard_normal((300, 1)), (1,))
        (pair,) = autocorrelations(found)
        hits += [
            portmanteau(pair) < 0.05,
            np.abs(pair.z).max() > chi_square.critical(0.05 / len(pair.lags)),
            statistics.changes(found)[0].p < 0.05,
            not statistics.nis_mean(found, 0.05, [0]).inside,
        ]
    assert (hits / runs < 0.05 + 3.5 * np.sqrt(0.05 * 0.95 / runs)).all()
    assert (hits / runs > 0.005).all()


def test_a_change_is_found_at_its_row() -> None:
    rng = np.random.default_rng(2)
    value = rng.standard_normal((1000, 1))
    value[600:] += 0.8
    (change,) = statistics.changes(innovations(value, (1,)))
    assert change.p < 1e-8 and abs(change.row - 600) < 15 and change.shift == pytest.approx(0.8, abs=0.1)


def test_coverage_is_right_with_a_gate_too() -> None:
    rng = np.random.default_rng(6)
    value = rng.standard_normal((40_000, 2))
    limit = float(stats.chi2.ppf(0.9, 2))
    value[(value**2).sum(axis=1) > limit] = np.nan
    found = Innovations(
        value, np.ones(value.shape), np.full((40_000, 1), limit), np.zeros(40_000, np.int64), (2,)
    )
    assert statistics.coverage(found, 0) == pytest.approx(statistics.COVERED, abs=0.01)
    mean = statistics.nis_mean(found, 0.01, [0])
    assert mean.inside and mean.high < 0.9


def test_the_longest_run_of_a_stuck_sensor() -> None:
    *run, often = statistics.longest_run(np.array([1.0, 2.0, 2.0, 2.0, 3.0, 3.0]))
    assert run == [3, 1] and often == pytest.approx(1 / 3)
    assert statistics.longest_run(np.array([1.0, 2.0])) == (1, 0, 0.0)
    assert statistics.longest_run(np.array([4.0])) == (1, 0, 0.0)


@pytest.mark.parametrize("phi", [0.0, 0.6, 0.9])
def test_the_correlation_time_of_correlated_errors(phi: float) -> None:
    from scipy.signal import lfilter

    noise = np.random.default_rng(1).standard_normal(100_000)
    series = lfilter([np.sqrt(1.0 - phi**2)], [1.0, -phi], noise)
    expected = (1.0 + phi) / (1.0 - phi)
    assert correlation_time(series, np.zeros(len(series), np.int64)) == pytest.approx(expected, rel=0.12)


def test_mean_errors_are_judged_by_their_number_of_independent_errors() -> None:
    from scipy.signal import lfilter

    phi, runs, wrong = 0.9, 200, 0
    for seed in range(runs):
        noise = np.random.default_rng(seed).standard_normal(2_000)
        series = lfilter([np.sqrt(1.0 - phi**2)], [1.0, -phi], noise)
        found = state_error("gap", series, np.ones(2_000), np.zeros(2_000, np.int64), 0.05)
        assert found is not None
        wrong += found.biased
    assert 0.01 < wrong / runs < 0.12  # if all counted as independent, half would be wrong


def test_errors_that_hardly_change_give_no_finding() -> None:
    """Errors correlated over half the log count for a handful, and their own correlation time is a poor estimate."""
    biased, rows = 0, 400
    for seed in range(300):
        steps = np.random.default_rng(seed).standard_normal(rows) * np.append(1.0, np.full(rows - 1, 0.1))
        error = lfilter([1.0], [1.0, -(0.99**0.5)], steps)
        found = state_error("x", error, np.ones(rows), np.zeros(rows, np.int64), 1e-3)
        assert found is not None
        biased += found.independent >= 10.0 and found.biased
    assert biased == 0
    assert chi_square.student(7.0, 0.01) == pytest.approx(stats.t.ppf(0.995, 7.0), rel=1e-12)
