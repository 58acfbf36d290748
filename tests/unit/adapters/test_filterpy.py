"""The filters with filterpy's names have filterpy's numbers and shapes."""

import copy
from collections.abc import Iterator
from typing import Any

import filterpy.common
import filterpy.kalman as theirs
import numpy as np
import pytest

import foglight.adapters.filterpy as ours
from foglight.core.types import Array

WITHIN = 1e-12  # relative to the largest entry of an array, in 100 models
MODELS = 100
SIZES = ((1, 1), (2, 1), (3, 2), (4, 2))
BELIEF = ("x", "P", "x_prior", "P_prior", "x_post", "P_post")
UPDATE = (*BELIEF, "K", "y", "S", "SI", "z", "log_likelihood", "likelihood", "mahalanobis")


def spd(rng: np.random.Generator, n: int, size: float = 1.0) -> Array:
    """A covariance whose eigenvalues differ by less than a factor of 10 or so."""
    A = rng.normal(size=(n, n))
    return size * (A @ A.T / n + np.eye(n))


def turning(rng: np.random.Generator, n: int) -> Array:
    return 0.97 * np.linalg.qr(rng.normal(size=(n, n)))[0]


def close(found: Any, expected: Any, what: str) -> None:
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape, what
    assert np.abs(found - expected).max() <= WITHIN * max(np.abs(expected).max(), 1.0), what


def agree(ours_: Any, theirs_: Any, names: tuple[str, ...] = UPDATE) -> None:
    for name in names:
        close(getattr(ours_, name), getattr(theirs_, name), name)


def models() -> Iterator[tuple[np.random.Generator, int, int, bool]]:
    """Random generators, numbers of states and components, and whether x is a column."""
    for seed in range(MODELS):
        n, m = SIZES[seed % len(SIZES)]
        yield np.random.default_rng(seed), n, m, n in (1, 4)


def pair(name: str, n: int, m: int, *more: Any) -> list[Any]:
    return [getattr(library, name)(n, m, *more) for library in (ours, theirs)]


def set_up(filters: list[Any], rng: np.random.Generator, n: int, m: int, column: bool) -> Array:
    F, H = turning(rng, n), rng.normal(size=(m, n))
    P, Q, R, x = spd(rng, n), spd(rng, n, 0.1), spd(rng, m, 0.3), rng.normal(size=(n, 1) if column else n)
    for f in filters:
        f.x, f.P, f.Q, f.R = x.copy(), P.copy(), Q.copy(), R.copy()
        if hasattr(f, "F"):
            f.F = F.copy()
        if hasattr(f, "H"):
            f.H = H.copy()
    return H


def test_linear_filters_agree() -> None:
    for rng, n, m, column in models():
        both = pair("KalmanFilter", n, m)
        set_up(both, rng, n, m, column)
        B = rng.normal(size=(n, 2))
        for f in both:
            f.B, f.alpha = B, 1.02
        for k in range(2):
            u, z = rng.normal(size=(2, 1) if column else 2), rng.normal(size=(m, 1) if column else m)
            for f in both:
                f.predict(u=u)
                f.update(z, R=0.5 if k == 1 else None)
            agree(*both)


def test_batches_and_smoothers_agree() -> None:
    for rng, n, m, column in list(models())[:20]:
        both = pair("KalmanFilter", n, m)
        set_up(both, rng, n, m, column)
        zs = [None if k == 3 else rng.normal(size=(m, 1) if column else m) for k in range(6)]
        Fs = [turning(rng, n) for _ in zs]
        results = [f.batch_filter(zs, Fs=Fs, update_first=n == 2) for f in both]
        for k, name in enumerate(("means", "covariances", "means_p", "covariances_p")):
            close(results[0][k], results[1][k], name)
        smoothed = [f.rts_smoother(*results[1][:2], Fs=Fs) for f in both]
        for k, name in enumerate("xPKp"):
            close(smoothed[0][k], smoothed[1][k], name)


def test_extended_filters_agree() -> None:
    for rng, n, m, column in models():
        both = pair("ExtendedKalmanFilter", n, m)
        H = set_up(both, rng, n, m, column)
        for _ in range(2):
            z = rng.normal(size=(m, 1) if column else m)
            for f in both:
                f.predict()
                f.update(
                    z,
                    lambda x, H=H: (1.0 + np.cos(H @ x)).reshape(-1, 1) * H,
                    lambda x, H=H: H @ x + np.sin(H @ x),
                )
            agree(*both)


@pytest.mark.parametrize("rule", ["merwe", "julier"])
def test_unscented_filters_agree(rule: str) -> None:
    for rng, n, m, _ in list(models())[rule == "julier" :: 2]:
        both = []
        F, H = turning(rng, n), rng.normal(size=(m, n))
        for library in (ours, theirs):
            points = (
                library.MerweScaledSigmaPoints(n, alpha=0.5, beta=2.0, kappa=1.0)
                if rule == "merwe"
                else library.JulierSigmaPoints(n, kappa=1.0)
            )
            hx, fx = (lambda x, H=H: np.sin(H @ x)), (lambda x, dt, F=F: F @ x + dt * np.sin(x))
            both.append(library.UnscentedKalmanFilter(n, m, 0.1, hx, fx, points))
        set_up(both, rng, n, m, column=False)
        for _ in range(2):
            z = rng.normal(size=m)
            for f in both:
                f.predict()
                f.update(z)
            agree(*both)
        zs = list(rng.normal(size=(4, m)))
        results = [f.batch_filter(zs) for f in both]
        smoothed = [f.rts_smoother(*results[1]) for f in both]
        for found, expected in zip([*results[0], *smoothed[0]], [*results[1], *smoothed[1]], strict=True):
            close(found, expected, "batch")


def test_other_methods_agree() -> None:
    rng = np.random.default_rng(1)
    both = pair("KalmanFilter", 4, 2)
    H = set_up(both, rng, 4, 2, column=True)
    z = rng.normal(size=(2, 1))
    for f in both:
        f.M = 0.1 * H.T
        f.predict()
        f.update_correlated(z)
    agree(*both)
    for call in (
        lambda f: f.get_prediction()[0],
        lambda f: f.get_prediction()[1],
        lambda f: f.get_update(z)[0],
        lambda f: f.get_update(z)[1],
        lambda f: f.residual_of(z),
        lambda f: f.measurement_of_state(both[1].x),
        lambda f: f.log_likelihood_of(z),
    ):
        close(call(both[0]), call(both[1]), "method")
    for f in both:
        f.update_sequential(0, z[0])
        f.update_sequential(1, z[1])
        f.predict_steadystate()
        f.update_steadystate(z)
    agree(*both)
    for f in both:  # a reading of another sensor, and none
        f.update(z[:1], R=2.0 * np.eye(1), H=H[:1])
        f.update(None)
    agree(*both, (*BELIEF, "y"))


def test_functions_agree() -> None:
    rng = np.random.default_rng(2)
    x, P, F, Q, H = rng.normal(size=2), spd(rng, 2), turning(rng, 2), spd(rng, 2), np.array([[1.0, 0.5]])
    R, zs = np.eye(1), [0.3, None, 1.0]
    for call in (
        lambda lib: lib.predict(x, P, F, Q),
        lambda lib: lib.update(x, P, 1.5, R, H, return_all=True)[:5],
        lambda lib: lib.predict(10.0, 3.0, Q=4.0, u=1.0),
        lambda lib: lib.batch_filter(x, P, zs, [F] * 3, [Q] * 3, [H] * 3, [R] * 3),
    ):
        for found, expected in zip(call(ours), call(theirs), strict=True):
            close(np.squeeze(found), np.squeeze(expected), "function")


def test_the_likelihood_of_the_function_is_that_of_the_prediction() -> None:
    """filterpy's `update(..., return_all=True)` takes it at the state that has seen the reading."""
    kf = theirs.KalmanFilter(1, 1)
    kf.x, kf.H = np.array([2.0]), np.eye(1)
    kf.update(3.0)
    found = ours.update(np.array([2.0]), np.eye(1), 3.0, np.eye(1), np.eye(1), return_all=True)[-1]
    wrong = theirs.update(np.array([2.0]), np.eye(1), 3.0, np.eye(1), np.eye(1), return_all=True)[-1]
    assert found == pytest.approx(kf.log_likelihood, abs=1e-12) and wrong > found + 0.1


def test_a_filter_can_be_saved_and_copied() -> None:
    kf = ours.KalmanFilter(2, 1)
    kf.H = np.array([[1.0, 0.0]])
    saver = filterpy.common.Saver(kf)
    kf.batch_filter([1.0, None, 2.0], saver=saver)
    saver.to_array()
    assert saver.x.shape == (3, 2, 1) and saver.log_likelihood[1] == 0.0
    other = copy.deepcopy(kf)
    other.x[0] = 5.0
    other.update(3.0)
    assert kf.x[0] != 5.0 and kf.x_post[0, 0] == kf.x[0, 0]


def test_arrays_are_shared_and_can_be_written_to() -> None:
    F = np.eye(2)
    kf = ours.KalmanFilter(2, 1)
    kf.F, kf.H = F, np.array([[1.0, 0.0]])
    F[0, 1] = 1.0  # what filterpy's users do where dt changes
    kf.x[1] = 2.0
    kf.P[1, 1] *= 4.0
    kf.P *= 2.0
    kf.predict()
    assert kf.x.tolist() == [[2.0], [2.0]] and kf.P.tolist() == [[11.0, 8.0], [8.0, 9.0]]


@pytest.mark.parametrize(
    ("n", "m", "column"), [(11, 1, True), (14, 3, False), (20, 4, True), (24, 7, False), (30, 12, True)]
)
def test_more_states_than_are_compiled_agree(n: int, m: int, column: bool) -> None:
    """With a gain that is compiled, with one whose factor is, and with neither."""
    rng = np.random.default_rng(n)
    both = pair("KalmanFilter", n, m)
    set_up(both, rng, n, m, column)
    B = rng.normal(size=(n, 2))
    for f in both:
        f.B, f.alpha = B, 1.02
    for inv in (np.linalg.inv, np.linalg.inv, np.linalg.pinv):
        z, u = rng.normal(size=(m, 1) if column else m), rng.normal(size=(2, 1) if column else 2)
        for f in both:
            f.inv = inv
            f.predict(u)
            f.update(z)
        agree(*both)
    zs = [None if k == 3 else rng.normal(size=(m, 1) if column else m) for k in range(6)]
    Fs = [turning(rng, n) for _ in zs]
    for f in both:
        f.B = None
    results = [f.batch_filter(zs, Fs=Fs) for f in both]
    for a, b in zip(*[f.rts_smoother(*results[1][:2], Fs=Fs) for f in both], strict=True):
        close(a, b, "smoothed")
    both = pair("ExtendedKalmanFilter", n, m)
    H = set_up(both, rng, n, m, column)
    for _ in range(2):
        for f in both:
            f.predict()
            f.update(zs[0], lambda x: H, lambda x: H @ x)
        agree(*both)


def test_many_states_are_as_symmetric_as_rounding_lets_them_be() -> None:
    """Over a thousand steps of a filter that grows where it does not see."""
    rng = np.random.default_rng(4)
    kf = ours.KalmanFilter(12, 2)
    set_up([kf], rng, 12, 2, column=True)
    kf.F = kf.F * 1.05
    for z in rng.normal(size=(1_000, 2)):
        kf.predict()
        kf.update(z)
    assert np.abs(kf.P - kf.P.T).max() <= 1e-14 * np.abs(kf.P).max()
    assert np.linalg.eigvalsh(kf.P)[0] > 0.0


def test_an_inverse_of_the_users_own_permits_a_singular_s() -> None:
    both = pair("KalmanFilter", 2, 2)
    for f in both:
        f.H, f.R, f.inv = np.array([[1.0, 0.0], [1.0, 0.0]]), np.zeros((2, 2)), np.linalg.pinv
        f.update([1.0, 1.0] if f is both[0] else np.array([[1.0], [1.0]]))
    agree(*both, BELIEF)


@pytest.mark.parametrize("name", ours.__all__)
def test_examples_run(name: str) -> None:
    import doctest

    found = getattr(ours, name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = [test for test in finder.find(found, name, globs={"np": np}) if test.examples]
    assert tests
    for test in tests:
        assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test).failed == 0
