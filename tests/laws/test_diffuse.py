"""An unknown start: exactly the limit of ever larger variances, and once it is known an ordinary filter, to the bit."""

from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.compiler.backends import interpreter
from foglight.compiler.engine.cache import engine_of
from foglight.inference.prepare import prepare
from oracle import flat, models, recursion
from oracle.matrices import floats
from oracle.metrics import within
from unit.on_arrays import on_arrays

from .exactness import whitened
from .units import differing

Array = NDArray[np.float64]
OTHERS = [fog.EKF(iterations=3), fog.UKF(), fog.CKF()]
CASES = [
    (1, 2, 1, 2),
    (2, 3, 2, 3),
    (3, 4, 1, 4),
    (4, 4, 3, 4),
    (5, 3, 1, 1),
    (6, 4, 2, 2),
    (7, 5, 2, 3),
]  # seed, states, measures, unknown


@cache
def case_of(seed: int, n: int, m: int, unknown: int) -> tuple[models.Linear, Array, Any]:
    """A model, the standard deviations of its start, and what is known of it."""
    case = models.full(seed, n=n, m=m, steps=8, missing=0.3, varying=True)
    std = np.full(n, 1.3)
    std[np.random.default_rng(seed).permutation(n)[:unknown]] = np.inf
    free = np.isinf(std)
    answer = flat.condition(
        case.F, case.Q, case.H, case.R, case.mean, np.diag(np.where(free, 0.0, 1.69)), np.eye(n)[:, free],
        case.z, b=case.b, d=case.d,
    )  # fmt: skip
    return case, std, answer.rounded()


def model_of(case: models.Linear, start: Any) -> fog.Model:
    return fog.linear_model(case.F, case.Q, case.H, case.R, b=case.b, d=case.d, start=start)


def run_of(case: models.Linear, start: Any, method: Any = None) -> Any:
    return fog.run(model_of(case, start), fog.Log.regular(case.z, dt=1.0), method=method)


def assert_known(gaussians: Any, mean: Array, cov: Array, known: Array) -> None:
    """What is known agrees, in standard deviations, and of the rest it is said that nothing is known."""
    states = np.asarray(known, np.bool_)
    assert (np.isfinite(gaussians.std) == states).all()
    assert (np.isfinite(np.diagonal(gaussians.cov, axis1=1, axis2=2)) == states).all()
    for k, some in enumerate(states):
        if some.any():
            std = np.sqrt(np.diag(cov[k])[some])
            within("mean", np.abs(gaussians.mean[k] - mean[k])[some] / std, 1e-11)
            within("cov", np.abs(gaussians.cov[k] - cov[k])[np.ix_(some, some)] / np.outer(std, std), 1e-11)


@pytest.mark.parametrize(
    "seed, n, m, unknown, method",
    [(*case, fog.KF()) for case in CASES]
    + [(*CASES[1], method) for method in OTHERS]
    + [(*CASES[5], fog.UKF())],
)
def test_an_unknown_start_is_generalised_least_squares(
    seed: int, n: int, m: int, unknown: int, method: Any
) -> None:
    is_least_squares(seed, n, m, unknown, method)


@pytest.mark.parametrize(
    "which, method", [(1, fog.KF()), (3, fog.KF()), (6, fog.KF()), (1, OTHERS[0]), (1, OTHERS[1])]
)
def test_on_whole_arrays_too(which: int, method: Any) -> None:
    with on_arrays() as names:
        is_least_squares(*CASES[which], method)
    assert names


def is_least_squares(seed: int, n: int, m: int, unknown: int, method: Any) -> None:
    case, std, answer = case_of(seed, n, m, unknown)
    run = run_of(case, fog.Belief(case.mean, std=std), method)
    assert answer.rank[-1] == unknown == run.absorbed  # or the log tells nothing
    assert_known(run.predicted, answer.predicted_mean, answer.predicted_cov, answer.predicted_known)
    assert_known(run.filtered, answer.mean, answer.cov, answer.known)
    within("loglik", np.abs(np.cumsum(run.row_loglik) - answer.loglik), 1e-11 * np.abs(answer.loglik).max())
    within("nis", np.abs(np.nancumsum(run.nis) - answer.squares), 1e-11 * max(1.0, answer.squares[-1]))
    absorbs = np.diff(answer.rank, prepend=0) > 0
    assert (((run.status & fog.Status.DIFFUSE) != 0) == absorbs).all()
    tested = np.sum(~np.isnan(run.innovation), axis=1)
    assert (tested == np.sum(~np.isnan(case.z), axis=1) - np.diff(answer.rank, prepend=0)).all()
    assert (np.isnan(run.nis) == (tested == 0)).all()


def test_nothing_known_is_every_state_unknown() -> None:
    case, _, answer = case_of(*CASES[1])
    one, other = run_of(case, None), run_of(case, fog.Belief(np.zeros(3), std=np.full(3, np.inf)))
    assert differing(one.filtered.mean, other.filtered.mean) == 0 and one.loglik == other.loglik
    last = run_of(
        case, fog.Belief(5.0 + case.mean, std=np.full(3, np.inf))
    )  # the mean of what is unknown is no matter
    within("mean", whitened(answer.cov[-1:], last.filtered.mean[-1:] - one.filtered.mean[-1:]), 1e-11)
    assert abs(last.loglik - one.loglik) <= 1e-11 * abs(one.loglik)


@pytest.mark.parametrize("method", [fog.KF(), fog.EKF(gate=0.99, huber=2.0), fog.UKF(), fog.CKF()], ids=repr)
def test_the_first_phase_ends_in_the_bits_of_the_second(method: Any) -> None:
    """So it does not matter where they change places: the first alone, on either backend, is the same run."""
    ends_in_the_bits_of_the_second(method)


@pytest.mark.parametrize("method", [fog.KF(), fog.EKF(gate=0.99, huber=2.0, joint=True), fog.UKF()], ids=repr)
def test_so_it_does_on_whole_arrays(method: Any) -> None:
    with on_arrays() as names:
        ends_in_the_bits_of_the_second(method)
    assert names


def ends_in_the_bits_of_the_second(method: Any) -> None:
    case, std, _ = case_of(*CASES[2])
    model = model_of(case, fog.Belief(case.mean, std=std))
    engine: Any = engine_of(model, method, "result")
    arrays = prepare(model, fog.Log.regular(case.z, dt=1.0), method, None)
    carry, records = engine.run(arrays)
    for scan in (engine.first.run, lambda given: interpreter.scan(engine.first.kernel, given)):
        first, told = scan(arrays)
        assert differing(first, carry) == 0
        assert differing(engine._in_second_layout(told), records) == 0
    settled = np.flatnonzero(np.isfinite(fog.run(model, fog.Log.regular(case.z, dt=1.0), method=method).filtered.std)
                             .all(axis=1))[0] + 1  # fmt: skip
    before = arrays.rows_of(0, settled)
    rest = arrays.rows_of(settled, len(case.z))
    second = engine.then.run(
        type(rest)(**{**rest.__dict__, "carry": engine.run(before)[0][:, [*engine.kept, -2, -1]]})
    )[1]
    assert differing(second, records[:, settled:]) == 0 and second.shape[1] > 2


def test_thirteen_dense_states_are_compiled_and_the_limit_of_vast_variances() -> None:
    n, vast = 13, 10.0**60
    case = models.full(n, n, 3, n // 3 + 5, missing=0.1)
    run = run_of(case, None)
    assert run.engine.count("operations") == 2 and "arrays" in run.engine and run.absorbed == n
    rows = recursion.filter_rows(
        case.F, case.Q, case.H, case.R, np.zeros(n), vast * np.eye(n), case.z, b=case.b, d=case.d, digits=160
    )
    known = np.isfinite(run.filtered.std).all(axis=1)
    mean, cov = (floats(np.array([getattr(row, what) for row in rows]))[known] for what in ("mean", "cov"))
    assert known.tolist() == [False] * 4 + [True] * 5
    within("mean", whitened(cov, run.filtered.mean[known] - mean), 1e-11)
    within("cov", whitened(cov, run.filtered.cov[known] - cov), 1e-11)
    loglik = sum(row.loglik for row in rows)
    assert abs(run.loglik - float(loglik) - n / 2 * np.log(vast)) <= 1e-11 * abs(run.loglik)


@pytest.mark.parametrize("n", [2, 3])
def test_a_vast_variance_comes_to_the_same_after_the_unknown_rows(n: int) -> None:
    """NUMERICS T4: P0 = 1e16 and the exact start, local trends of two and three states in every order, to 1e-13."""
    rng = np.random.default_rng(77)
    F = np.eye(n) + np.eye(n, k=1)
    z = np.cumsum(np.cumsum(rng.standard_normal(12)))[:, None]
    for order in permutations(range(n)):
        ways = [fog.Belief(np.zeros(n), std=np.full(n, s)) for s in (1e8, np.inf)]
        vast, exact = (
            fog.run(fog.linear_model(F[np.ix_(order, order)], np.diag(np.arange(1.0, n + 1))[np.ix_(order, order)],
                                     np.eye(1, n)[:, list(order)], 2.0, start=start), fog.Log.regular(z, dt=1.0))
            for start in ways
        )  # fmt: skip
        assert np.isinf(exact.filtered.std[n - 2]).any() and np.isfinite(exact.filtered.std[n - 1]).all()
        P = exact.filtered.cov[n:]
        # What is left of 1e-16, and how many digits a factor of such a variance loses before: FORMS, T4.
        within("mean", whitened(P, vast.filtered.mean[n:] - exact.filtered.mean[n:]), 1e-13)
        within("cov", whitened(P, vast.filtered.cov[n:] - P), 1e-13)


@pytest.mark.parametrize("method", [fog.KF(), fog.UKF()], ids=repr)
def test_powers_of_two_scale_exactly_with_the_directions(method: Any) -> None:
    """States, their unknown directions and measurements in other units: all bits but the likelihood's constant."""
    case, std, _ = case_of(*CASES[5])
    t, s = np.ldexp(1.0, [11, -7, 3, -20]), np.ldexp(1.0, [-9, 5])
    free = np.isinf(std)
    D = np.where(free, 0.0, std) ** 2
    A = np.eye(4)[:, free]
    one = run_of(case, fog.Belief(case.mean, factor=(np.eye(4), D), unknown=A), method)
    scaled = models.Linear(
        t[:, None] * case.F / t, t[:, None] * case.Q * t, s[:, None] * case.H / t, s[:, None] * case.R * s,
        t * case.mean, t[:, None] * case.cov * t, s * case.z, t * case.b, s * case.d,
    )  # fmt: skip
    other = run_of(
        scaled, fog.Belief(scaled.mean, factor=(np.eye(4), t * t * D), unknown=t[:, None] * A), method
    )
    assert differing(other.filtered.mean, t * one.filtered.mean) == 0
    assert differing(other.filtered.cov, t[:, None] * one.filtered.cov * t) == 0
    assert differing(other.innovation, s * one.innovation) == 0
    assert differing(other.nis, one.nis) == 0 and (other.status == one.status).all()
    shift = np.sum(~np.isnan(case.z) * np.log(s))
    assert abs(other.loglik - one.loglik + shift) <= 1e-12 * abs(one.loglik)


def test_unknown_states_in_other_units_shift_the_likelihood_by_their_scale() -> None:
    """A unit of variance of what is unknown is a unit of the state: log p shifts by Σ log of their scales."""
    case, std, answer = case_of(*CASES[5])
    t = np.ldexp(1.0, [11, -7, 3, -20])
    scaled = models.Linear(
        t[:, None] * case.F / t, t[:, None] * case.Q * t, case.H / t, case.R,
        t * case.mean, case.cov, case.z, t * case.b, case.d,
    )  # fmt: skip
    one = run_of(case, fog.Belief(case.mean, std=std))
    other = run_of(scaled, fog.Belief(scaled.mean, std=t * std))
    shift = np.log(t[np.isinf(std)]).sum()
    assert abs(other.loglik - one.loglik - shift) <= 1e-11 * abs(one.loglik)
    assert shift and (other.status == one.status).all()
    within("mean", whitened(answer.cov[-1:], (other.filtered.mean / t - one.filtered.mean)[-1:]), 1e-11)


def test_permuting_states_permutes_the_answer() -> None:
    case, std, answer = case_of(*CASES[6])
    one = run_of(case, fog.Belief(case.mean, std=std))
    order = [3, 0, 4, 1, 2]
    there = models.Linear(
        case.F[:, order][:, :, order], case.Q[:, order][:, :, order], case.H[:, :, order], case.R,
        case.mean[order], case.cov[order][:, order], case.z, case.b[:, order], case.d,
    )  # fmt: skip
    other = run_of(there, fog.Belief(there.mean, std=std[order]))
    assert (np.isinf(other.filtered.std) == np.isinf(one.filtered.std[:, order])).all()
    known = np.isfinite(one.filtered.std).all(axis=1)
    found = np.empty_like(other.filtered.mean)
    found[:, order] = other.filtered.mean
    within("mean", whitened(answer.cov[known], (found - one.filtered.mean)[known]), 1e-11)
    assert abs(other.loglik - one.loglik) <= 1e-11 * abs(one.loglik)


def test_what_is_never_seen_is_never_known() -> None:
    """The sum of two walks says nothing of their difference, however often it is measured and however they mix."""
    F, H = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([[1.0, 1.0], [1.0, 1.0]])
    z = np.random.default_rng(5).standard_normal((400, 2))
    for R in (np.eye(2), np.zeros((2, 2))):
        z = z if R.any() else z[:, :1].repeat(2, axis=1)
        run = fog.run(fog.linear_model(F, 0.1 * np.eye(2), H, R, start=None), fog.Log.regular(z, dt=1.0))
        assert run.absorbed == 1 and np.isinf(run.filtered.std).all()
        assert (run.status[1:] & fog.Status.DIFFUSE == 0).all()
        assert run.belief.unknown.shape == (2, 1) and abs(run.belief.unknown.sum()) < 1e-12


def test_a_measurement_that_says_it_again_is_not_taken_up_twice() -> None:
    """Three readings at one time of one dense combination: one direction; the others are ordinary readings of it."""
    rng = np.random.default_rng(6)
    h = rng.standard_normal((1, 4))
    H = np.vstack([h, 3.0 * h, -0.7 * h])
    model = fog.linear_model(np.eye(4), np.zeros((4, 4)), H, models.covariance(rng, 3), start=None)
    run = fog.run(model, fog.Log.from_arrays([0.0, 0.0, 1.0], sensor=rng.standard_normal((3, 3))))
    assert run.absorbed == 1 and np.isnan(run.innovation).sum() == 1
    assert np.isinf(run.filtered.std).all()


def test_guards_leave_what_is_taken_up_alone() -> None:
    """A first reading however far off is all that is known; the second is gated by it."""
    rng = np.random.default_rng(8)
    z = np.array([[1e6], [1e6], [1.0], [1e6]]) + rng.standard_normal((4, 1))
    model = fog.linear_model(1.0, 0.1, 1.0, 1.0, start=None)
    for method in (
        fog.EKF(gate=0.999),
        fog.EKF(huber=1.5),
        fog.EKF(gate=0.99, huber=1.5),
        fog.UKF(gate=0.99),
    ):
        run = fog.run(model, fog.Log.regular(z, dt=1.0), method=method)
        assert run.filtered.mean[0, 0] == pytest.approx(z[0, 0], rel=1e-15)
        assert run.filtered.std[0, 0] == pytest.approx(1.0, rel=1e-15)
        assert run.status[0] == fog.Status.USED | fog.Status.DIFFUSE
        assert abs(run.filtered.mean[2, 0] - 1e6) < 10.0


def test_one_step_by_hand_is_the_row_of_a_run() -> None:
    case, std, _ = case_of(*CASES[6])
    run = run_of(case, fog.Belief(case.mean, std=std))
    belief = fog.Belief(case.mean, std=std)
    for k, z in enumerate(case.z):
        if k:
            belief = fog.predict(belief, case.F[k], case.Q[k], b=case.b[k])
        belief, info = fog.update(belief, z, case.H[k], case.R[k], d=case.d[k])
        assert (np.isinf(belief.std) == np.isinf(run.filtered.std[k])).all()
        known = np.isfinite(belief.std)
        np.testing.assert_allclose(belief.mean[known], run.filtered.mean[k][known], rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(
            belief.cov[known][:, known], run.filtered.cov[k][known][:, known], rtol=1e-10, atol=1e-12
        )
        np.testing.assert_allclose(info.innovation, run.innovation[k], rtol=1e-10, atol=1e-11)
        np.testing.assert_allclose(info.innovation_cov, run.innovation_cov[k], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose([info.nis, info.loglik], [run.nis[k], run.row_loglik[k]], rtol=1e-10)
        assert bool(info.status & fog.Status.DIFFUSE) == bool(run.status[k] & fog.Status.DIFFUSE)


@pytest.mark.parametrize("swap", [False, True])
def test_fusing_with_what_is_partly_unknown_is_the_limit(swap: bool) -> None:
    rng = np.random.default_rng(12)
    other = fog.Belief(rng.standard_normal(3), cov=models.covariance(rng, 3))
    mean, std = rng.standard_normal(3), np.array([0.7, np.inf, 1.9])
    pair = [fog.Belief(mean, std=std), other]
    fused = fog.fuse(*(pair[::-1] if swap else pair))
    information = np.diag([1 / 0.49, 0.0, 1 / 3.61])
    P = np.linalg.inv(information + np.linalg.inv(other.cov))
    np.testing.assert_allclose(fused.cov, P, rtol=1e-11)
    np.testing.assert_allclose(
        fused.mean, P @ (information @ mean + np.linalg.solve(other.cov, other.mean)), rtol=1e-11
    )
    np.testing.assert_allclose(fused.weights[int(swap)], P @ information, rtol=1e-9, atol=1e-12)


def test_irregular_rows_of_two_sensors_are_the_limit_of_vast_variances() -> None:
    """Functions of dt, two sensors, of which one reports alone at first, and stamps that repeat."""
    stamps = np.array([0.0, 0.3, 0.3, 1.1, 1.15, 2.4, 3.0])
    rng = np.random.default_rng(21)
    R, gauge = np.array([[0.5, 0.2], [0.2, 0.3]]), 0.4
    motion = fog.Motion(
        ("gap", "speed", "bias"),
        lambda x, dt, p: [x.gap + dt * x.speed, x.speed, x.bias - 0.1 * dt * x.bias],
        lambda x, dt, p: [[dt**3 / 3, dt**2 / 2, 0], [dt**2 / 2, dt, 0], [0, 0, 0.2 * dt]],
    )
    sensors = [
        fog.Sensor("radar", ("range", "rate"), lambda x, p: [x.gap + x.bias, x.speed], lambda x, p: R),
        fog.Sensor("gauge", ("level",), lambda x, p: [x.gap - 0.5 * x.speed], lambda x, p: [[gauge]]),
    ]
    z = rng.standard_normal((7, 3))
    z[0, 1:], z[1, 2], z[3, :2] = np.nan, np.nan, np.nan
    log = fog.Log.from_arrays(stamps, radar=z[:, :2], gauge=z[:, 2:])
    run = fog.run(fog.Model(motion, sensors, start=None), log)
    H = np.array([[1.0, 0, 1], [0, 1, 0], [1, -0.5, 0]])
    noise = np.zeros((3, 3))
    noise[:2, :2], noise[2, 2] = R, gauge
    steps = np.diff(stamps, prepend=0.0)
    F = np.array([[[1, dt, 0], [0, 1, 0], [0, 0, 1 - 0.1 * dt]] for dt in steps])
    Q = np.array([[[dt**3 / 3, dt**2 / 2, 0], [dt**2 / 2, dt, 0], [0, 0, 0.2 * dt]] for dt in steps])
    vast = 1e40
    rows = recursion.filter_rows(F, Q, H, noise, np.zeros(3), vast * np.eye(3), z, digits=120)
    mean, cov = floats(np.array([row.mean for row in rows])), floats(np.array([row.cov for row in rows]))
    assert run.absorbed == 3
    known = np.isfinite(run.filtered.std).all(axis=1)
    assert known.tolist() == [False] + [True] * 6
    within("mean", whitened(cov[known], (run.filtered.mean - mean)[known]), 1e-11)
    within("cov", whitened(cov[known], (run.filtered.cov - cov)[known]), 1e-11)
    loglik = sum(row.loglik for row in rows)
    assert abs(run.loglik - float(loglik) - 1.5 * np.log(vast)) <= 1e-11 * abs(run.loglik)


def test_a_curve_is_linearised_while_something_is_unknown() -> None:
    """A range to one side of a line along which nothing is known: the sigma points have no distance to go."""
    motion = fog.motion.random_walk(("x", "y"), std=0.1)
    sensors = [fog.sensing.range("radar", of=("x", "y"), std=0.5)]
    start = fog.Belief([30.0, 40.0], std=[np.inf, 2.0])
    z = np.array([[51.0], [50.5], [50.2]])
    log = fog.Log.regular(z, dt=1.0)
    runs = [
        fog.run(fog.Model(motion, sensors, start), log, method=m) for m in (fog.EKF(), fog.UKF(), fog.CKF())
    ]
    for run in runs[1:]:
        assert "linearised while something is unknown" in run.engine and "linearised" not in runs[0].engine
        assert differing(run.filtered.mean[0], runs[0].filtered.mean[0]) == 0
        assert differing(run.filtered.mean[1], runs[0].filtered.mean[1]) > 0
    # One reading of x alone, of slope 0.6, with y known to 2: x = 30 + (51 - 50) / 0.6, and y stays.
    assert runs[0].filtered.mean[0] == pytest.approx([30.0 + 1.0 / 0.6, 40.0], rel=1e-14)
    assert runs[0].filtered.std[0] == pytest.approx([np.sqrt(0.25 + 0.64 * 4.0) / 0.6, 2.0], rel=1e-14)
