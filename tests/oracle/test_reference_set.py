"""The recorded reference set and what reads it, checked against mpmath, fractions and known words."""

from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf

from . import counter, double_double, reference_set, strategy
from .matrices import Exact, exact
from .metrics import Reference
from .recursion import filter_rows
from .reference_set import ABSENT, LAST, SETTLED, group


def test_the_file_holds_what_was_recorded() -> None:
    assert reference_set.digest(reference_set.recorded()) == reference_set.DIGEST.read_text().strip()
    changed = dict(reference_set.recorded())
    changed["loglik_low"] = np.nextafter(changed["loglik_low"], 1)
    assert reference_set.digest(changed) != reference_set.DIGEST.read_text().strip()


def test_the_words_are_those_of_splitmix64() -> None:
    """The first words of state 1234567, as the reference implementation of the algorithm gives them."""
    steps = np.uint64(1234567) + np.arange(1, 4, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    assert counter.scrambled(steps).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]
    draw = counter.Integers(7, 5)
    values = draw.between(-3, 3, 70_000)
    assert np.bincount(values + 3, minlength=7) == pytest.approx(10_000, rel=0.05)
    bells = draw.bells(100_000)
    assert abs(bells.mean()) < 0.02 and bells.var() == pytest.approx(1, rel=0.02)


PLACES = [(2, 11), (3, 12), (4, 13), (5, 14)]


def places_of(n: int) -> int:
    return int(group(n).indices[0])


@pytest.mark.parametrize("n, place", PLACES)
def test_recorded_numbers_are_those_of_mpmath(n: int, place: int) -> None:
    """Another program, another arithmetic: 200 rows in 60 digits; and the whitened errors of a perturbed answer."""
    recorded = group(n).of(np.array([place]))
    given = strategy.model(int(recorded.indices[0]))
    rows = filter_rows(
        given.F, given.Q, given.H, given.R, given.mean, given.cov, given.z, b=given.b, d=given.d
    )
    compared = 0
    with mp.workdps(60):
        for slot, k in enumerate(recorded.rows[0]):
            if k == ABSENT:
                continue
            sigma = [mp.sqrt(v) for v in np.diag(rows[k].cov)]
            mean, cov = whole(recorded.mean, slot), whole(recorded.cov, slot)
            for i in range(n):
                assert abs(mean[i] - rows[k].mean[i]) <= mpf("1e-28") * sigma[i]
                for j in range(n):
                    assert abs(cov[i, j] - rows[k].cov[i, j]) <= mpf("1e-28") * sigma[i] * sigma[j]
                    compared += 1
        total = mpf(float(recorded.loglik[0][0])) + mpf(float(recorded.loglik[1][0]))
        assert abs(total / sum(row.loglik for row in rows) - 1) < mpf("1e-28")
        assert compared >= 2 * n * n

        row = rows[recorded.rows[0, SETTLED]]
        reference = Reference(row.mean, row.cov, row.predicted_cov)
        if recorded.there[0, 0]:
            early = rows[recorded.rows[0, 0]]
            bar = Reference(early.mean, early.cov, early.predicted_cov).bar
            assert bar / 1.5 < recorded.bar[0] <= 1.0001 * bar
    U, D = rounded_factor(row.cov)
    mean = np.array([float(v) for v in row.mean]) * (1 + 2e-16)
    ex, eP = reference.errors(mean, (U, D))
    stacked = [np.repeat(a[None, None], 3, axis=1) for a in (mean, U, D)]
    found = recorded.factor_errors(*stacked)
    assert found[0][0, SETTLED] == pytest.approx(ex, rel=1e-6) and ex > 0
    assert found[1][0, SETTLED] == pytest.approx(eP, rel=1e-6) and 0 < eP < 1e-10
    P = np.array([[float(v) for v in line] for line in row.cov])
    _, full = recorded.errors(stacked[0], np.repeat(P[None, None], 3, axis=1))
    assert full[0, SETTLED] == pytest.approx(reference.cov_error(P), rel=1e-6)


def whole(pair: tuple[np.ndarray, np.ndarray], slot: int) -> Exact:
    return exact(pair[0][0, slot]) + exact(pair[1][0, slot])


def rounded_factor(P: Exact) -> tuple[np.ndarray, np.ndarray]:
    """U, D of P = U diag(D) U', rounded to float64."""
    n = len(P)
    U, D, rest = np.eye(n), np.zeros(n), P.copy()
    for j in reversed(range(n)):
        D[j] = float(rest[j, j])
        column = rest[:j, j] / rest[j, j]
        U[:j, j] = [float(v) for v in column]
        rest[:j, :j] = rest[:j, :j] - np.outer(column, column) * rest[j, j]
    return U, D


@pytest.mark.parametrize("n", [3, 12])
def test_inputs_are_exact(n: int) -> None:
    """Q, R and P0 are the fractions they stand for, so that no order of summation can change them; none is trivial."""
    given = strategy.model(places_of(n))
    for G, v, P in ((given.Q_G[3], given.Q_v[3], given.Q[3]), (given.U, given.D, given.cov)):
        G, v = [[Fraction(x) for x in row] for row in G], [Fraction(x) for x in v]
        for i in range(n):
            for j in range(n):
                assert Fraction(P[i, j]) == sum(G[i][k] * v[k] * G[j][k] for k in range(n))
    for name, array in vars(given).items():
        assert name == "z" or np.array_equal(array, array.astype(np.float32)), name
    changes = [np.ptp(a, axis=0).any() for a in (given.F, given.Q, given.H, given.R, given.b, given.d)]
    assert all(changes)


def test_the_strategy_reaches_what_it_should() -> None:
    """Singular Q and P0, missing components and rows, units, P0 up to a condition of 1e8 and more, bounded states."""
    sample = [strategy.model(index) for index in range(0, len(strategy.shapes()), 41)]
    singular_Q = [not (g.Q_v > 0).all() for g in sample]
    singular_P = [not (g.D > 0).all() for g in sample]
    partly = [(np.isnan(g.z).any(1) & ~np.isnan(g.z).all(1)).any() for g in sample]
    whole_rows = [np.isnan(g.z).all(1).any() for g in sample]
    complete = [not np.isnan(g.z).any() for g in sample]
    for found in (singular_Q, singular_P, partly, whole_rows, complete):
        assert 0.1 < np.mean(found) < 0.9
    assert max(np.linalg.cond(g.cov) for g in sample if (g.D > 0).all()) > 1e8
    unscaled = [g for g in sample if np.abs(g.F).sum(2).max() <= 1]
    assert len(unscaled) > 30
    assert max(np.nanmax(np.abs(g.z)) for g in unscaled) < 1e4
    assert {g.shape for g in sample} >= {(2, 1), (2, 3), (3, 5), (6, 4), (10, 3)}
    assert np.mean([n == m for n, m in strategy.shapes()]) == 0


def test_conditions_of_the_set_are_those_of_well_posed_models() -> None:
    """From the n-th update on no correlation matrix is worse than 2^18, and that update comes soon."""
    conditions = np.concatenate([group(n).condition[:, SETTLED:].ravel() for n in strategy.COUNTS])
    assert len(conditions) == 2 * len(strategy.shapes()) and conditions.max() <= 2.0**18
    for n in strategy.COUNTS:
        rows = group(n).rows
        assert (rows[:, LAST] == strategy.ROWS - 1).all() and rows[:, SETTLED].max() <= 24


def test_double_double_is_exact_to_thirty_digits() -> None:
    rng = np.random.default_rng(31)
    a, b = rng.standard_normal((2, 500)) * 10.0 ** rng.integers(-8, 8, (2, 500))
    for operation, wanted in (
        (double_double.exact_sum, Fraction.__add__),
        (double_double.exact_product, Fraction.__mul__),
    ):
        high, low = operation(a, b)
        for x, y, rounded, rest in zip(a, b, high, low, strict=True):
            assert Fraction(rounded) + Fraction(rest) == wanted(Fraction(x), Fraction(y))
