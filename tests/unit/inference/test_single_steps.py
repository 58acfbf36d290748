"""Single calls of predict, update and fuse: one path for each shape, the same bits in every call, and their speed."""

import cProfile
import time
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.core.types import Array
from foglight.inference import step_equations
from foglight.model.belief import inside
from foglight.model.covariance import factor_covariance

CALLS = 20  # more than are interpreted


def problem(n: int, m: int, seed: int = 0) -> tuple[Array, Array, Array, Array, Array, Array]:
    """F, Q, H, R, z, and a covariance of the start: full matrices."""
    rng = np.random.default_rng(1000 * n + m + seed)

    def covariance(k: int) -> Array:
        A = rng.normal(size=(k, 2 * k))
        return A @ A.T / k

    F = np.eye(n) + 0.2 * rng.normal(size=(n, n)) / n
    return F, 0.1 * covariance(n), rng.normal(size=(m, n)), covariance(m), rng.normal(size=m), covariance(n)


def bits(belief: fog.Belief) -> list[bytes]:
    return [array.tobytes() for array in (belief.mean, *belief.factor, belief.cov)]


def details(info: Any) -> list[bytes]:
    arrays = (info.gain, info.prior_weight, info.innovation, info.innovation_cov)
    return [array.tobytes() for array in (*arrays, np.array([info.nis, info.loglik, info.status]))]


SHAPES = [(1, 1), (2, 1), (4, 2), (6, 3), (3, 5), (9, 2), (20, 10)]


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_every_call_gives_the_bits_of_the_first(n: int, m: int) -> None:
    F, Q, H, R, z, P = problem(n, m)
    start = fog.Belief(np.arange(n) / 3.0, cov=P)
    found = set()
    for k in range(CALLS):
        if k == CALLS // 2:
            step_equations._prediction.cache_clear()
            step_equations._measurement.cache_clear()
            step_equations._fusion.cache_clear()
        predicted = fog.predict(start, F, Q)
        new, info = fog.update(predicted, z, H, R)
        fused = fog.fuse(predicted, new)
        found.add((*bits(predicted), *bits(new), *details(info), *bits(fused.belief)))
    assert len(found) == 1


@pytest.mark.parametrize("gone", [(), (0,), (0, 1)])
@pytest.mark.parametrize(("n", "m"), [(2, 2), (5, 3), (9, 2), (20, 10)])
def test_the_answers_are_those_of_the_textbook(n: int, m: int, gone: tuple[int, ...]) -> None:
    F, Q, H, R, z, P = problem(n, m)
    b, d = np.linspace(1.0, 2.0, n), np.linspace(-1.0, 1.0, m)
    z[list(gone)] = np.nan
    used = np.flatnonzero(~np.isnan(z))
    predicted = fog.predict(fog.Belief(b, cov=P), F, Q, b=b)
    x, P = F @ b + b, F @ P @ F.T + Q
    np.testing.assert_allclose(predicted.mean, x, rtol=1e-13)
    np.testing.assert_allclose(predicted.cov, P, rtol=1e-12, atol=1e-13)
    new, info = fog.update(predicted, z, H, R, d=d)
    H_, R_, e = H[used], R[np.ix_(used, used)], (z - H @ x - d)[used]
    S = H_ @ P @ H_.T + R_
    K = np.linalg.solve(S, H_ @ P).T
    np.testing.assert_allclose(new.mean, x + K @ e, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(new.cov, P - K @ S @ K.T, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(info.gain[:, used], K, rtol=1e-10, atol=1e-12)
    assert not info.gain[:, list(gone)].any()
    np.testing.assert_allclose(info.prior_weight, np.eye(n) - K @ H_, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(info.innovation[used], e, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(info.innovation_cov[np.ix_(used, used)], S, rtol=1e-12)
    assert np.isnan(info.innovation[list(gone)]).all()
    assert np.isnan(info.innovation_cov[list(gone)]).all()
    assert np.isnan(info.innovation_cov[:, list(gone)]).all()
    if not len(used):
        assert new is predicted
        assert np.isnan(info.nis)
        assert info.loglik == 0.0
        assert info.status == fog.Status.MISSING
        return
    nis = e @ np.linalg.solve(S, e)
    loglik = -0.5 * (len(used) * np.log(2.0 * np.pi) + np.linalg.slogdet(S)[1] + nis)
    np.testing.assert_allclose([info.nis, info.loglik], [nis, loglik], rtol=1e-11)
    assert info.status == fog.Status.USED | (fog.Status.PARTIAL if gone else fog.Status(0))


@pytest.mark.parametrize(("n", "m"), [(4, 3), (12, 3), (20, 12)])
def test_compiled_and_on_floats_the_equations_agree_to_rounding(n: int, m: int) -> None:
    F, _, H, R, z, P = problem(n, m)
    belief = fog.Belief([3.1, 0.2, -3.0, *np.linspace(1.0, 2.0, n - 3)], cov=P, angles=(0, 2))
    noise, b, d = fog.noise.factored(np.eye(n)[:, :2] + 0.1, [0.3, 0.2]), np.full(n, 0.4), np.full(m, 0.1)
    z[1] = np.nan
    pairs = [
        (
            step_equations.predict(belief, F, b, noise),
            step_equations._predicted(inside(belief), F, b, noise, belief.angles),
        ),
        (
            step_equations.update(belief, z, H, d, R, (2,)),
            step_equations._updated(inside(belief), z, H, d, R, belief.angles, (2,)),
        ),
        (
            step_equations.fuse(belief, fog.Belief(np.ones(n), cov=P[::-1, ::-1]), belief.angles),
            step_equations._fused(
                inside(belief), inside(fog.Belief(np.ones(n), cov=P[::-1, ::-1])), belief.angles
            ),
        ),
    ]
    for compiled, on_floats in pairs:
        for name, value in on_floats.items():
            np.testing.assert_allclose(compiled[name], value, rtol=1e-12, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("known", [0, 0.5])
def test_unknown_states_cost_no_call_for_each_entry_of_a_matrix(known: float) -> None:
    """Calls of Python functions for a pair grow with the states, not with their square."""
    calls = []
    for n in (20, 60):
        F, Q, H, R, z, _ = problem(n, 3)
        start = fog.Belief(np.zeros(n), std=np.where(np.arange(n) < known * n, 1.0, np.inf))
        profile = cProfile.Profile()
        for called in (0, 1):  # the first pair also reads Q and R
            (profile.enable if called else profile.disable)()
            belief, info = fog.update(fog.predict(start, F, Q), z, H, R)
        profile.disable()
        assert belief.unknown.shape[1] == n - int(known * n) - 3
        assert info.status & fog.Status.DIFFUSE
        calls.append(sum(entry.callcount for entry in profile.getstats()))
    assert calls[1] < 3.5 * calls[0]


def test_arrays_that_are_changed_later_change_no_result() -> None:
    F, Q, H, R, z, P = problem(3, 2)
    belief, info = fog.update(fog.predict(fog.Belief(np.ones(3), cov=P), F, Q), z, H, R)
    before = bits(belief), details(info)
    for array in (F, Q, H, R, z, P):
        array *= 2.0
    fog.update(fog.predict(belief, F, Q), z, H, R)
    assert (bits(belief), details(info)) == before
    for array in (belief.mean, *belief.factor, belief.cov, info.gain, info.innovation):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


@pytest.mark.parametrize("n", [4, 33, 70])
def test_a_noise_that_comes_again_is_factored_once(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    F, Q, H, R, z, P = problem(n, n, seed=7)
    made: list[str] = []

    def counted(P: Any, field: str) -> Any:
        made.append(field)
        return factor_covariance(P, field)

    start = fog.Belief(np.zeros(n), cov=P)
    monkeypatch.setattr("foglight.model.covariance.factor_covariance", counted)
    for _ in range(3):
        fog.update(fog.predict(start, F, Q), z, H, R)
    assert made == ["Q", "R"]


def test_large_numbers_whose_sum_overflows_are_no_fault() -> None:
    start = fog.Belief([1.2e298, 1.2e298], std=[1.0, 2.0])
    assert (fog.predict(start, 1e10 * np.eye(2), np.diag([0.2, 0.3])).mean == 1.2e308).all()


@pytest.mark.parametrize(
    ("n", "m", "most"), [(2, 1, 1.0), (4, 2, 1.0), (6, 3, 1.0), (9, 2, 1.0), (20, 4, 1.5), (40, 4, 3.0)]
)
def test_a_pair_costs_about_as_much_as_the_textbook_in_numpy(n: int, m: int, most: float) -> None:
    """The textbook with full covariances, in the Joseph form, as a filter written by hand has it; with few states no
    more."""
    F, Q, H, R, z, start = problem(n, m)
    I = np.eye(n)  # noqa: E741
    by_hand, ours = [(np.zeros(n), start)], [fog.Belief(np.zeros(n), cov=start)]

    def textbook() -> None:
        x, P = by_hand[0]
        x, P = F @ x, F @ P @ F.T + Q
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        A = I - K @ H
        by_hand[0] = x + K @ (z - H @ x), A @ P @ A.T + K @ R @ K.T

    def foglight() -> None:
        ours[0] = fog.update(fog.predict(ours[0], F, Q), z, H, R)[0]

    for _ in range(CALLS):
        textbook()
        foglight()
    np.testing.assert_allclose(ours[0].mean, by_hand[0][0], rtol=1e-10)
    np.testing.assert_allclose(ours[0].cov, by_hand[0][1], rtol=1e-10, atol=1e-13)
    ratios = []
    for _ in range(5):
        taken: dict[Any, list[float]] = {textbook: [], foglight: []}
        for _ in range(30):
            for pair, times in taken.items():
                began = time.perf_counter()
                for _ in range(10):
                    pair()
                times.append(time.perf_counter() - began)
        ratios.append(float(np.median(taken[foglight]) / np.median(taken[textbook])))
    print(f"{n} states, {m} measured: {min(ratios):.2f} of the textbook in NumPy")
    assert min(ratios) <= most, ratios
