"""T1 to T4 in every state order and in several units, through `run` and through `update` and `predict`.

The tolerance is derived from the exact answer (oracle.metrics), not chosen. `run` compiles a kernel for each
view of a problem, so it gets every order up to three states and samples the rest; `update` gets more.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
import pytest

import foglight as fog
from oracle.metrics import Reference, u, variance_along

from . import torture
from .torture import ROUTES, Array, Factor, Problem

SEED = 20240229


def routes(name: str, every: Sequence[float], compiled: Sequence[float]) -> pytest.MarkDecorator:
    """Each value through `update`, and those of `compiled` through `run`, which compiles a kernel for each view."""
    assert set(compiled) <= set(every)
    return pytest.mark.parametrize(
        f"route, {name}", [("calls", v) for v in every] + [("run", v) for v in compiled]
    )


TENTHS = [10.0**-k for k in range(1, 13)]


def views(n: int, m: int, route: str) -> Iterator[tuple[list[int], list[int], list[int]]]:
    """State orders, each with exponents of the state and measurement units.

    `update` costs no compiling: it meets more orders, and plain and extreme units, too.
    """
    rng = np.random.default_rng(SEED + n)
    orders = list(permutations(range(n)))
    if n > (3 if route == "run" else 4):
        orders = [orders[i] for i in rng.choice(len(orders), 3 if route == "run" else 12, replace=False)]
    for turn, order in enumerate(orders):
        reaches = (30,) if route == "run" else (0, 30, 100) if n <= 3 else ((0, 30, 100)[turn % 3],)
        for reach in reaches:
            yield list(order), rng.integers(-reach, reach + 1, n).tolist(), rng.integers(-20, 21, m).tolist()


def is_covariance(mean: Array, factor: Factor) -> bool:
    """Finite, and no negative variance: U D U' with D >= 0 cannot be indefinite."""
    return bool(np.isfinite(mean).all() and np.isfinite(factor[0]).all() and (0 <= factor[1]).all())


def worst(case: torture.Case, route: str) -> tuple[Array, Array]:
    """Largest ex and eP of every row over all views of a case."""
    n, m = len(case.problem.mean), case.problem.z.shape[1]
    rows = np.zeros((2, len(case.exact)))
    for order, states, measurements in views(n, m, route):
        answers = ROUTES[route](case.problem.seen_as(order, states, measurements))
        for k, ((mean, factor), exact) in enumerate(zip(answers, case.exact, strict=True)):
            assert is_covariance(mean, factor)
            rows[:, k] = np.maximum(rows[:, k], exact.errors(mean, factor, order, states))
    return rows[0], rows[1]


@routes("e", TENTHS, TENTHS[::2])
@pytest.mark.parametrize("rows", [1, 2])
def test_t1_bierman(e: float, rows: int, route: str) -> None:
    case = torture.bierman(e, rows)
    _, eP = worst(case, route)
    assert (eP <= [exact.bar for exact in case.exact]).all()


@routes("d", TENTHS, TENTHS[1::2])
def test_t2_dyer_mcreynolds(d: float, route: str) -> None:
    case = torture.dyer_mcreynolds(d)
    ex, eP = worst(case, route)
    assert eP[0] <= case.exact[0].bar
    assert ex[0] <= 100 * u / d**2


@routes("r", [1e-2, 1e-8, 1e-16, 1e-30, 1e-200], [1e-16, 1e-200])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_t3_a_state_measured_precisely(r: float, n: int, route: str) -> None:
    case = torture.precise(n, r, dense=False)
    _, eP = worst(case, route)
    assert eP[0] <= 1e-13


@routes("n", [2, 3, 4, 5, 6], [2, 3, 4, 6])
def test_t3_a_state_measured_perfectly(n: int, route: str) -> None:
    """R = 0: the state is the measurement, its variance is 0, and the others are conditioned exactly."""
    problem = torture.precise(n, 0.0, dense=False).problem
    others = rest_given_first(problem)
    for order, states, measurements in views(n, 1, route):
        answers = ROUTES[route](problem.seen_as(order, states, measurements))
        mean, (U, D) = answers[0]
        assert is_covariance(mean, (U, D))
        first = order.index(0)
        assert mean[first] == pytest.approx(problem.z[0, 0] * 2.0 ** states[0], rel=1e-15, abs=0)
        assert variance_along(np.eye(n)[first], (U, D)) == 0
        kept = [i for i in range(n) if i != first]
        position = [order[i] - 1 for i in kept]
        _, eP = others.errors(mean[kept], (U[kept], D), position, states[1:])
        assert eP <= 1e-13


def rest_given_first(p: Problem) -> Reference:
    """The belief about all other states once the first is known to be z."""
    row = torture.recursion.update(
        torture.recursion.exact(p.mean), torture.recursion.exact(p.cov), p.z[0],
        torture.recursion.exact(p.H[0]), torture.recursion.exact(p.R),
    )  # fmt: skip
    return Reference(row.mean[1:], row.cov[1:, 1:], row.predicted_cov[1:, 1:])


@routes("r", [1e-2, 1e-8, 1e-16, 1e-24, 1e-30, 1e-40, 1e-200, 0.0], [1e-16, 0.0])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_t3_a_mixture_measured_precisely(r: float, n: int, route: str) -> None:
    """Down to R = u^2 HPH' the derived bar holds; below, a fixed triangular factor cannot represent the answer,

    but the filter must stay a filter: no exception, no negative variance, the measured mixture known to rounding.
    """
    case = torture.precise(n, r, dense=True)
    h = case.problem.H[0, 0]
    before = float(h @ case.problem.cov @ h)
    for order, states, measurements in views(n, 1, route):
        seen = case.problem.seen_as(order, states, measurements)
        mean, factor = ROUTES[route](seen)[0]
        assert is_covariance(mean, factor)
        if r >= u**2 * before:
            exact = case.exact[0]
            _, eP = exact.errors(mean, factor, order, states)
            assert eP <= max(exact.bar, 100 * u * u * exact.kappa)
        else:
            unit = 4.0 ** measurements[0]
            left = float(variance_along(seen.H[0, 0], factor)) / unit
            assert left <= max(2 * r, (10 * u) ** 2 * before)


@routes("k", [1e2, 1e4, 1e6, 1e8, 1e10, 1e12, 1e14, 1e16], [1e2, 1e8, 1e16])
@pytest.mark.parametrize("n", [2, 3])
def test_t4_trend_from_a_large_start(k: float, n: int, route: str) -> None:
    case = torture.trend(n, k)
    ex, eP = worst(case, route)
    assert (eP[: n - 1] <= [exact.bar for exact in case.exact[: n - 1]]).all()
    assert eP[n - 1 :].max() <= 1e-13
    assert ex[n - 1 :].max() <= 1e-13


def test_the_covariance_form_fails_here() -> None:
    """The planted defect: a filter that subtracts covariances must not pass these tests."""
    case = torture.bierman(1e-7, 1)
    p = case.problem
    model = fog.linear_model(p.F, p.Q, p.H[0], p.R, start=fog.Belief(p.mean, cov=p.cov))
    run = fog.run(model, fog.Log.regular(p.z, dt=1.0), method=fog.KF(form="textbook"), on_bad="flag")
    U, D = run.filtered.factor
    _, eP = case.exact[0].errors(run.filtered.mean[0], (U[0], D[0]))
    assert not eP <= case.exact[0].bar
