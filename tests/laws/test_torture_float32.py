"""T1 to T4 and T6 in float32, as exported C computes them: every state order, and units that must not change a bit.

No float32 arithmetic happens outside the C. The exact answer starts from the very numbers that the C reads, so
that rounding the problem does not count; the bar is the derived one with u = 2^-24. Where a target says "stated",
the bound below is what was measured, with its headroom beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.generated_c import need_gcc
from oracle.metrics import variance_along, within

from . import torture
from .compiled import UNIT, InC, references
from .test_torture import METHODS, differing, is_covariance, often
from .torture import Problem

U32 = UNIT["float32"]
TENTHS = [10.0**-k for k in range(1, 13)]
SMALL = [1e-2, 1e-4, 1e-8, 1e-16, 1e-24, 1e-30]


def values(name: str, every: Sequence[float]) -> pytest.MarkDecorator:
    """Every second value and the last one; those between are a campaign."""
    always = often(every)
    return pytest.mark.parametrize(
        name, [pytest.param(v, marks=() if v in always else pytest.mark.campaign) for v in every]
    )


@pytest.fixture(scope="module")
def in_c(tmp_path_factory: pytest.TempPathFactory) -> InC:
    need_gcc()
    return InC(tmp_path_factory.mktemp("c"))


def orders(n: int) -> Iterator[list[int]]:
    """All state orders up to four states, twelve of them above."""
    every = [list(order) for order in permutations(range(n))]
    rng = np.random.default_rng(n)
    for i in range(len(every)) if n <= 4 else rng.choice(len(every), 12, replace=False):
        yield every[i]


def worst(p: Problem, in_c: InC, digits: int, method: Any = None) -> tuple[Any, Any, Any]:
    """Largest ex and eP of every row over all views of a problem, and the bar of every row."""
    n, m = len(p.mean), p.z.shape[1]
    rng = np.random.default_rng(32)
    rows, bars = np.zeros((2, len(p.z))), np.full(len(p.z), np.inf)
    for order in orders(n):
        given = in_c.read(p.seen_as(order, [0] * n, [0] * m), method)
        plain = in_c.run(given, n, method)
        states, measurements = rng.integers(-6, 7, n).tolist(), rng.integers(-4, 5, m).tolist()
        scaled = in_c(p.seen_as(order, states, measurements), method)
        assert differing(plain, scaled, [states[i] for i in order]) == 0
        for k, (found, exact) in enumerate(zip(plain, references(given, n, digits), strict=True)):
            assert is_covariance(*found)
            rows[:, k] = np.maximum(rows[:, k], exact.errors(*found))
            bars[k] = min(bars[k], exact.bar)
    return rows[0], rows[1], bars


@values("e", TENTHS)
@pytest.mark.parametrize("rows", [1, 2])
def test_t1_bierman(e: float, rows: int, in_c: InC) -> None:
    _, eP, bars = worst(torture.bierman(e, rows), in_c, 120)
    within("eP", eP, bars)


@values("d", TENTHS)
def test_t2_dyer_mcreynolds(d: float, in_c: InC) -> None:
    """1 + d is 1 from d = 1e-8 on: then the two measurements are one, made twice."""
    ex, eP, bars = worst(torture.dyer_mcreynolds(d), in_c, 120)
    within("eP", eP, bars)
    within("ex", ex, 100 * U32 / d**2)


@values("r", SMALL)
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_t3_a_state_measured_precisely(r: float, n: int, in_c: InC) -> None:
    """Stated: at most 1e-6 at every r; 2.8e-7 was measured."""
    _, eP, _ = worst(torture.precise(n, r, False), in_c, 140)
    within("eP", eP, 1e-6)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_t3_a_state_measured_perfectly(n: int, in_c: InC) -> None:
    p = torture.precise(n, 0.0, False)
    others = 0
    for order in orders(n):
        given = in_c.read(p.seen_as(order, [0] * n, [0]))
        ((mean, (U, D)),) = in_c.run(given, n)
        assert is_covariance(mean, (U, D))
        first = order.index(0)
        assert mean[first] == pytest.approx(float(given.z[0, 0, 0]), rel=4 * U32, abs=0)
        assert variance_along(np.eye(n)[first], (U, D)) == 0
        others += int((D > 0).sum())
    assert others == (n - 1) * len(list(orders(n)))


@values("r", [*SMALL, 1e-36, 0.0])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_t3_a_mixture_measured_precisely(r: float, n: int, in_c: InC) -> None:
    """As in float64: the derived bar down to R = u^2 HPH'; below it, and for R = 0, still a filter."""
    p = torture.precise(n, r, True)
    shares = []
    for order in orders(n):
        given = in_c.read(p.seen_as(order, [0] * n, [0]))
        (found,) = in_c.run(given, n)
        assert is_covariance(*found)
        h = p.H[0, 0, order].astype(np.float32).astype(float)
        before = float(p.H[0, 0] @ p.cov @ p.H[0, 0])
        if r >= U32**2 * before:
            (exact,) = references(given, n, 120)
            allowed = max(exact.bar, 100 * U32**2 * exact.kappa)
            shares.append(exact.errors(*found)[1] / allowed)
        else:
            shares.append(float(variance_along(h, found[1])) / max(2 * r, (10 * U32) ** 2 * before))
    within("share", shares, 1.0)


@values("k", [1e2, 1e4, 1e6, 1e8, 1e10, 1e12, 1e14, 1e16])
@pytest.mark.parametrize("n", [2, 3])
def test_t4_trend_from_a_large_start(k: float, n: int, in_c: InC) -> None:
    """1e-5 from the n-th update on: for two states at every k, for three up to k = 1e8. Above, stated: while one
    direction still has a variance of k, Gram-Schmidt leaves u^2 k of it in the others; 5 u^2 k was measured.
    """
    ex, eP, bars = worst(torture.trend(n, k), in_c, 100)
    allowed = 1e-5 if n == 2 else max(1e-5, 10 * U32**2 * k)
    within("eP, under-observed", eP[: n - 1], bars[: n - 1])
    within("eP", eP[n - 1 :], allowed)
    within("ex", ex[n - 1 :], allowed)


@values("d", [10.0**-k for k in range(2, 9)])
@pytest.mark.parametrize("n", [2, 3])
def test_t6_near_unobservable(d: float, n: int, in_c: InC) -> None:
    _, eP, bars = worst(torture.near_unobservable(n, d), in_c, 100)
    within("eP", eP, bars)


SIGMA: list[tuple[Callable[..., Problem], Sequence[Any]]] = [
    (torture.bierman, (1e-2, 1)), (torture.bierman, (1e-6, 2)),
    (torture.dyer_mcreynolds, (1e-2,)), (torture.dyer_mcreynolds, (1e-5,)),
    (torture.precise, (3, 1e-8, False)), (torture.precise, (3, 1e-8, True)),
    (torture.trend, (2, 1e8)), (torture.trend, (3, 1e8)),
    (torture.near_unobservable, (3, 1e-2)), (torture.near_unobservable, (3, 1e-5)),
]  # fmt: skip


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_sigma_points_stand_the_same(method: Any, in_c: InC) -> None:
    """UKF and CKF on the linear problems: the derived bar."""
    for make, setting in SIGMA:
        _, eP, bars = worst(make(*setting), in_c, 120, method)
        within(f"{make.__name__} {setting}", eP, bars)


def test_the_covariance_form_fails_here(in_c: InC) -> None:
    """The planted defect: in float32 the form that subtracts covariances loses T1 altogether."""
    p = torture.bierman(1e-4, 1)
    _, eP, bars = worst(p, in_c, 100)
    within("factored", eP, bars)
    (exact,) = references(in_c.read(p), 2, 100)
    ((_, (P01, P)),) = in_c(p, fog.KF(form="textbook"))  # its triangle holds P itself
    cov = np.array([[P[0], P01[0, 1]], [P01[0, 1], P[1]]])
    with pytest.raises(AssertionError, match="used"):
        within("textbook", exact.cov_error(cov), exact.bar)
