"""T1 to T4 and T6 in float64: every state order, and power-of-two units that must not change a bit.

The tolerance is derived from the exact answer (oracle.metrics), not chosen. Four routes: chained `update` and
`predict`; a kernel to which all matrices are data, compiled once a shape (`rows`); the same on whole arrays
(`arrays`); and `run` with constant matrices, which compiles for each view and so samples the orders from four states
on.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pytest

import foglight as fog
from oracle.metrics import Reference, u, variance_along, within

from . import torture
from .compiled import through_arrays, through_rows
from .torture import Answer, Case, Factor, Problem, solved

ROUTES: dict[str, Callable[[Problem], list[Answer]]] = {
    **torture.ROUTES,
    "rows": through_rows,
    "arrays": through_arrays,
}
SEED = 20240229
TENTHS = [10.0**-k for k in range(1, 13)]
SMALL = [1e-2, 1e-8, 1e-16, 1e-30, 1e-100, 1e-200]
ORDERS = {
    "calls": {5: 12, 6: 8},
    "rows": {5: 30, 6: 20},
    "arrays": {4: 8, 5: 8, 6: 4},
    "run": {4: 3, 5: 3, 6: 2},
}  # all but where it says how many
METHODS = [fog.UKF(), fog.UKF(alpha=1e-3), fog.CKF()]


def routes(name: str, every: Sequence[float], compiled: Sequence[float]) -> pytest.MarkDecorator:
    """Each value through rows and arrays, every second through `update`, and those of `compiled` through `run`.

    Of rows and `update`, those between are a campaign; of arrays, all but two.
    """
    assert set(compiled) <= set(every)
    chosen = {"rows": every, "arrays": every, "calls": every[::-2], "run": compiled}
    found = []
    for route, values in chosen.items():
        always = values if route == "run" else [values[1], values[-1]] if route == "arrays" else often(values)
        found += [pytest.param(route, v, marks=() if v in always else pytest.mark.campaign) for v in values]
    return pytest.mark.parametrize(f"route, {name}", found)


def often(values: Sequence[float]) -> Sequence[float]:
    """Every second one, and the last; all of a few."""
    return values if len(values) <= 5 else [*values[:-1:2], values[-1]]


def orders(n: int, route: str, whole: bool = False) -> list[list[int]]:
    """State orders: all, or a sample of them."""
    every = [list(order) for order in permutations(range(n))]
    count = ORDERS[route].get(n, len(every))
    if whole or count >= len(every):
        return every
    rng = np.random.default_rng(SEED + n)
    return [every[i] for i in sorted(rng.choice(len(every), count, replace=False))]


def units(n: int, m: int, route: str, turn: int) -> Iterator[tuple[list[int], list[int]]]:
    """Exponents of the units of each state and of each measurement."""
    rng = np.random.default_rng([SEED, n, turn])
    for reach in (30,) if route == "run" else (30, 100) if n <= 4 else ((30, 100)[turn % 2],):
        yield rng.integers(-reach, reach + 1, n).tolist(), rng.integers(-20, 21, m).tolist()


def differing(plain: Sequence[Answer], scaled: Sequence[Answer], exponents: Sequence[int]) -> int:
    """How many numbers of the answers are not the plain ones in other units, to the bit."""
    s = 2.0 ** np.array(exponents)
    count = 0
    for (x, (U, D)), (y, (V, E)) in zip(plain, scaled, strict=True):
        pairs = ((s * x, y), (s[:, None] * U / s, V), (s * D * s, E))
        count += sum(int((a != b).sum()) for a, b in pairs)
    return count


def is_covariance(mean: Any, factor: Factor) -> bool:
    """Finite, and no negative variance: U D U' with D >= 0 cannot be indefinite."""
    return bool(np.isfinite(mean).all() and np.isfinite(factor[0]).all() and (0 <= factor[1]).all())


def in_every_view(
    problem: Problem,
    solve: Callable[[Problem], list[Answer]],
    route: str,
    whole: bool = False,
) -> Iterator[tuple[list[int], list[Answer]]]:
    """The answer in each order of the states; in other units it has the same bits."""
    n, m = len(problem.mean), problem.z.shape[1]
    nothing = [0] * n, [0] * m
    for turn, order in enumerate(orders(n, route, whole)):
        plain = solve(problem.seen_as(order, *nothing))
        assert len(plain) == len(problem.z)
        for mean, factor in plain:
            assert is_covariance(mean, factor)
        for states, measurements in units(n, m, route, turn):
            scaled = solve(problem.seen_as(order, states, measurements))
            assert differing(plain, scaled, [states[i] for i in order]) == 0, (order, states, measurements)
        yield order, plain


def worst(case: Case, solve: Callable[[Problem], list[Answer]], route: str, whole: bool = False) -> Any:
    """Largest ex and eP of every row over all views of a case."""
    rows = np.zeros((2, len(case.exact)))
    for order, answers in in_every_view(case.problem, solve, route, whole):
        for k, ((mean, factor), exact) in enumerate(zip(answers, case.exact, strict=True)):
            rows[:, k] = np.maximum(rows[:, k], exact.errors(mean, factor, order))
    return rows


def bars(case: Case) -> list[float]:
    return [exact.bar for exact in case.exact]


@routes("e", TENTHS, TENTHS[::2])
@pytest.mark.parametrize("rows", [1, 2])
def test_t1_bierman(e: float, rows: int, route: str) -> None:
    case = solved(torture.bierman, e, rows, digits=120)
    _, eP = worst(case, ROUTES[route], route)
    within("eP", eP, bars(case))


@routes("d", TENTHS, TENTHS[1::4])
def test_t2_dyer_mcreynolds(d: float, route: str) -> None:
    case = solved(torture.dyer_mcreynolds, d, digits=120)
    ex, eP = worst(case, ROUTES[route], route)
    within("eP", eP, bars(case))
    within("ex", ex, 100 * u / d**2)


@routes("r", SMALL, [1e-16, 1e-200])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_t3_a_state_measured_precisely(r: float, n: int, route: str) -> None:
    _, eP = worst(precise(n, r, dense=False), ROUTES[route], route)
    within("eP", eP, 1e-13)


@pytest.mark.campaign
@pytest.mark.parametrize("r", SMALL)
@pytest.mark.parametrize("n, count", [(5, 120), (6, 720)])
def test_t3_in_all_orders(n: int, count: int, r: float) -> None:
    within("eP", worst(precise(n, r, dense=False), through_rows, "rows", whole=True)[1], 1e-13)
    case = precise(n, r, dense=True)
    shares = [
        mixture_holds(case, r, *found) for found in in_every_view(case.problem, through_rows, "rows", True)
    ]
    assert len(shares) == count
    within("share", shares, 1.0)


def precise(n: int, r: float, dense: bool) -> Case:
    """T3 and its answer, in as many digits as a variance of r takes."""
    return solved(torture.precise, n, r, dense, digits=60 + int(-2 * np.log10(r)))


@routes("n", [2, 3, 4, 5, 6], [2, 3, 4, 6])
def test_t3_a_state_measured_perfectly(n: int, route: str) -> None:
    """R = 0: the state is the measurement, its variance is 0, and the others are conditioned exactly."""
    problem = torture.precise(n, 0.0, dense=False)
    others = rest_given_first(problem)
    errors = []
    for order, [(mean, (U, D))] in in_every_view(problem, ROUTES[route], route):
        first = order.index(0)
        assert mean[first] == pytest.approx(problem.z[0, 0], rel=1e-15, abs=0)
        assert variance_along(np.eye(n)[first], (U, D)) == 0
        kept = [i for i in range(n) if i != first]
        errors.append(others.errors(mean[kept], (U[kept], D), [order[i] - 1 for i in kept])[1])
    within("eP", errors, 1e-13)


def rest_given_first(p: Problem) -> Reference:
    """The belief about all other states once the first is known to be z."""
    row = torture.recursion.update(
        torture.recursion.exact(p.mean), torture.recursion.exact(p.cov), p.z[0],
        torture.recursion.exact(p.H[0]), torture.recursion.exact(p.R),
    )  # fmt: skip
    return Reference(row.mean[1:], row.cov[1:, 1:], row.predicted_cov[1:, 1:])


@routes("r", [1e-2, 1e-8, 1e-16, 1e-30, 1e-40, 1e-200, 0.0], [1e-16, 0.0])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_t3_a_mixture_measured_precisely(r: float, n: int, route: str) -> None:
    """Down to R = u^2 HPH' the derived bar holds; below, a fixed triangular factor cannot represent the answer,

    but the filter must stay a filter: no exception, no negative variance, the measured mixture known to rounding.
    """
    case = precise(n, r, dense=True) if r else Case(torture.precise(n, r, dense=True), ())
    shares = [mixture_holds(case, r, *found) for found in in_every_view(case.problem, ROUTES[route], route)]
    within("share", shares, 1.0)


def mixture_holds(case: Case, r: float, order: Sequence[int], answers: Sequence[Answer]) -> float:
    """The part that is used of what a precise measurement of a mixture may leave."""
    h = case.problem.H[0, 0]
    before = float(h @ case.problem.cov @ h)
    ((mean, factor),) = answers
    if r >= u**2 * before:
        exact = case.exact[0]
        return float(exact.errors(mean, factor, order)[1] / max(exact.bar, 100 * u * u * exact.kappa))
    return float(variance_along(h[list(order)], factor)) / max(2 * r, (10 * u) ** 2 * before)


@routes("k", [1e2, 1e4, 1e6, 1e8, 1e10, 1e12, 1e14, 1e16], [1e2, 1e8, 1e16])
@pytest.mark.parametrize("n", [2, 3])
def test_t4_trend_from_a_large_start(k: float, n: int, route: str) -> None:
    case = solved(torture.trend, n, k, digits=100)
    ex, eP = worst(case, ROUTES[route], route)
    within("eP, under-observed", eP[: n - 1], bars(case)[: n - 1])
    within("eP", eP[n - 1 :], 1e-13)
    within("ex", ex[n - 1 :], 1e-13)


@routes("d", [10.0**-k for k in range(2, 9)], [1e-5])
@pytest.mark.parametrize("n", [2, 3])
def test_t6_near_unobservable(d: float, n: int, route: str) -> None:
    case = solved(torture.near_unobservable, n, d, digits=80)
    assert max(exact.correlation_condition for exact in case.exact) > 0.1 / d
    _, eP = worst(case, ROUTES[route], route)
    within("eP", eP, bars(case))


SIGMA = {
    "T1": (torture.bierman, [(e, rows) for e in TENTHS[::3] for rows in (1, 2)]),
    "T2": (torture.dyer_mcreynolds, [(d,) for d in TENTHS[::3]]),
    "T3": (torture.precise, [(n, r, dense) for n in (2, 3) for r in (1e-2, 1e-16) for dense in (False, True)]),
    "T4": (torture.trend, [(n, k) for n in (2, 3) for k in (1e2, 1e8, 1e16)]),
    "T6": (torture.near_unobservable, [(n, d) for n in (2, 3) for d in (1e-2, 1e-5, 1e-8)]),
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS, ids=repr)
@pytest.mark.parametrize("name", SIGMA)
def test_sigma_points_stand_the_same(name: str, method: Any) -> None:
    """UKF and CKF on linear problems: the derived bar, and the same bits in any units."""
    make, settings = SIGMA[name]
    for setting in settings:
        case = solved(make, *setting, digits=120)
        ex, eP = worst(case, lambda p: through_rows(p, method), "rows")
        within(f"eP {setting}", eP, bars(case))
        if name == "T2":
            within(f"ex {setting}", ex, 100 * u / setting[0] ** 2)


def test_the_covariance_form_fails_here() -> None:
    """The planted defect: a filter that subtracts covariances must not pass these tests."""
    case = solved(torture.bierman, 1e-7, 1, digits=120)
    p = case.problem
    model = fog.linear_model(p.F, p.Q, p.H[0], p.R, start=fog.Belief(p.mean, cov=p.cov))
    run = fog.run(model, fog.Log.regular(p.z, dt=1.0), method=fog.KF(form="textbook"), on_bad="flag")
    U, D = run.filtered.factor
    _, eP = case.exact[0].errors(run.filtered.mean[0], (U[0], D[0]))
    with pytest.raises(AssertionError, match="used"):
        within("eP", eP, case.exact[0].bar)


def test_a_unit_that_is_no_power_of_two_is_noticed() -> None:
    """The planted defect of the comparison: thirds round."""
    p = torture.trend(3, 1e4)
    plain = through_rows(p)
    s = np.array([3.0, 1.0, 1.0])
    other = Problem(
        s[:, None] * p.F / s, s[:, None] * p.Q * s, p.H / s, p.R, s * p.mean, s[:, None] * p.cov * s, p.z
    )
    back = [(x / s, (U / s[:, None] * s, D / s**2)) for x, (U, D) in through_rows(other)]
    assert differing(plain, back, [0, 0, 0]) > 0
