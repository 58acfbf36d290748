"""What filterpy takes in silence, and gets wrong, is refused with the line to write; what it pairs wrongly is right."""

from collections.abc import Callable
from typing import Any

import filterpy.kalman as theirs
import numpy as np
import pytest

import foglight as fog
import foglight.adapters.filterpy as ours


def walker(column: bool = True) -> ours.KalmanFilter:
    kf = ours.KalmanFilter(dim_x=2, dim_z=1)
    kf.x = np.zeros((2, 1)) if column else np.zeros(2)
    kf.F, kf.H = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0]])
    return kf


def bending(**more: Any) -> ours.UnscentedKalmanFilter:
    points = ours.MerweScaledSigmaPoints(2, alpha=0.5, beta=2.0, kappa=1.0)
    return ours.UnscentedKalmanFilter(2, 1, 0.1, lambda x: x[:1], lambda x, dt: x, points, **more)


def assign(name: str, value: Any) -> Callable[[], None]:
    return lambda: setattr(walker(), name, value)


def step(change: Callable[[ours.KalmanFilter], Any], z: Any = 1.0) -> Callable[[], None]:
    def run() -> None:
        kf = walker()
        change(kf)
        kf.predict()
        kf.update(z)

    return run


def put(array: Any, index: Any, value: float) -> None:
    array[index] = value


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a number for Q": (assign("Q", 0.1), fog.ModelError, "write 0.1 * np.eye(2)"),
    "a number for P": (assign("P", 10.0), fog.ModelError, "write 10 * np.eye(2)"),
    "variances for Q": (assign("Q", [0.1, 0.2]), fog.ModelError, "np.diag([0.1, 0.2])"),
    "a row for x": (assign("x", np.zeros((1, 2))), fog.ModelError, "np.transpose(x)"),
    "three states": (assign("x", np.zeros(3)), fog.ModelError, "expected (2, 1) or (2,)"),
    "a vector for H": (assign("H", np.array([1.0, 0.0])), fog.ModelError, "np.atleast_2d(H)"),
    "a row for F": (assign("F", np.ones((1, 2))), fog.ModelError, "expected (2, 2)"),
    "text": (assign("F", "eye"), fog.ModelError, "F"),
    "Q is not symmetric": (step(lambda f: put(f.Q, (0, 1), 0.5)), fog.ModelError, "Q[0,1]"),
    "Q is indefinite": (step(lambda f: setattr(f, "Q", [[0.0, 0.0], [0.0, -0.1]])), fog.ModelError, "Q[1,1]"),
    "a zero variance with a covariance": (
        step(lambda f: setattr(f, "Q", [[0.0, 0.1], [0.1, 1.0]])), fog.ModelError, "allows no covariance",
    ),
    "P is not symmetric": (step(lambda f: put(f.P, (0, 1), 0.5)), fog.ModelError, "P[0,1]"),
    "P is indefinite": (step(lambda f: setattr(f, "P", [[1.0, 2.0], [2.0, 1.0]])), fog.ModelError, "P"),
    "P is changed to be negative": (step(lambda f: put(f.P, (1, 1), -1.0)), fog.ModelError, "P[1,1]"),
    "R is negative": (step(lambda f: setattr(f, "R", -1.0)), fog.ModelError, "R[0,0]"),
    "NaN for z": (step(lambda f: None, np.nan), fog.DataError, "update(None)"),
    "NaN in F": (step(lambda f: put(f.F, (0, 1), np.nan)), fog.ModelError, "F[0,1]"),
    "NaN in H": (step(lambda f: put(f.H, (0, 1), np.nan)), fog.ModelError, "H[0,1]"),
    "infinity in x": (step(lambda f: put(f.x, (0, 0), np.inf)), fog.ModelError, "x[0,0]"),
    "overflow": (step(lambda f: f.F.__imul__(1e200)), fog.NumericalError, "P[0,0] became inf"),
    "two numbers for z": (step(lambda f: None, [1.0, 2.0]), fog.DataError, "expected (1, 1) or (1,)"),
    "S is 0": (
        step(lambda f: [setattr(f, "R", 0.0), setattr(f, "P", np.zeros((2, 2))), f.Q.fill(0.0)]),
        fog.NumericalError, "inv = np.linalg.pinv",
    ),
    "controls of another length": (lambda: walker().predict(u=[1.0, 2.0], B=np.ones((2, 1))), fog.ModelError, "u has"),
    "too few matrices": (lambda: walker().batch_filter([1.0, 2.0], Fs=[np.eye(2)]), fog.ModelError, "Fs has 1"),
    "a negative R for one update": (lambda: walker().update(1.0, R=-1.0), fog.ModelError, "R[0,0]"),
    "a Q that is not symmetric, for one step": (
        lambda: walker().predict(Q=np.array([[1.0, 0.5], [0.0, 1.0]])), fog.ModelError, "Q[0,1]",
    ),
    "an R for two components with H for one": (
        lambda: walker().update(1.0, R=np.eye(2), H=np.ones((1, 2))), fog.ModelError, "R has shape (2, 2)",
    ),
    "means and covariances of other lengths": (
        lambda: walker().rts_smoother(np.zeros((3, 2, 1)), np.ones((2, 2, 2))), fog.DataError, "batch_filter",
    ),
    "one number for each Q": (
        lambda: walker().rts_smoother(np.zeros((2, 2, 1)), np.array([np.eye(2)] * 2), Qs=[0.1, 0.1]),
        fog.ModelError, "0.1 * np.eye(2)",
    ),
    "a measurement that is NaN": (
        lambda: ours.ExtendedKalmanFilter(2, 1).update(1.0, lambda x: np.ones((1, 2)), lambda x: np.nan),
        fog.ModelError, "z - Hx(x)",
    ),
    "alpha below 1": (assign("alpha", 0.9), fog.ModelError, "alpha = 1.02"),
    "no states": (lambda: ours.KalmanFilter(0, 1), fog.ModelError, "dim_x"),
    "no components": (lambda: ours.KalmanFilter(1, 0), fog.ModelError, "dim_z"),
    "update before predict": (lambda: bending().update(1.0), fog.StateError, "ukf.sigmas_f ="),
    "a column in a UKF": (
        lambda: [setattr(f := bending(), "x", np.zeros((2, 1))), f.predict()], fog.ModelError, "np.ravel",
    ),
    "points without a root": (
        lambda: [setattr(f := bending(), "P", np.diag([1.0, 0.0])), f.predict()], fog.NumericalError, "fog.UKF",
    ),
    "a function that returns one state": (
        lambda: bending().predict(fx=lambda x, dt: x[0]), fog.ModelError, "fx returned shape ()",
    ),
    "a function that returns NaN": (lambda: bending().predict(fx=lambda x, dt: x * np.nan), fog.NumericalError, "fx"),
    "a negative scale": (lambda: ours.JulierSigmaPoints(4, kappa=-5.0), fog.ModelError, "larger kappa"),
    "derivatives at another state": (
        lambda: ours.ExtendedKalmanFilter(2, 1).predict_update(1.0, None, None), fog.ModelError, "ekf.predict(u)",
    ),
    "a residual that is broadcast": (
        lambda: ours.ExtendedKalmanFilter(2, 2).update(
            np.zeros((2, 1)), lambda x: np.eye(2), lambda x: np.zeros(2), residual=lambda a, b: a - b
        ),
        fog.DataError, "were broadcast",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, error, text = REFUSED[name]
    with pytest.raises(error) as raised:
        call()
    assert text in str(raised.value)


def test_the_first_refusals_are_silent_in_filterpy() -> None:
    """The fault of the issue: one number for the Q of two states is added to the covariances, too."""
    kf = theirs.KalmanFilter(2, 1)
    kf.Q = 0.1
    kf.predict()
    assert kf.P[0, 1] == 0.1
    kf.update(np.nan)
    assert np.isnan(kf.x).all()


def test_a_refused_row_of_a_batch_is_named() -> None:
    with pytest.raises(fog.DataError) as raised:
        walker().batch_filter([1.0, 2.0, np.nan])
    assert raised.value.__notes__ == ["This is entry 2 of zs."]


def test_a_refused_step_changes_nothing() -> None:
    kf = walker()
    kf.predict()
    before = kf.x.copy(), kf.P.copy(), kf.log_likelihood
    with pytest.raises(fog.DataError):
        kf.update(np.nan)
    assert (kf.x == before[0]).all() and (kf.P == before[1]).all() and kf.log_likelihood == before[2]


def test_a_second_update_of_points_needs_new_ones() -> None:
    ukf = bending()
    ukf.predict()
    ukf.update(1.0)
    with pytest.raises(fog.StateError):
        ukf.update(1.0)
    ukf.sigmas_f = ukf.points_fn.sigma_points(ukf.x, ukf.P)
    ukf.update(1.0)
    kf = ours.KalmanFilter(2, 1)
    kf.x, kf.H = np.zeros(2), np.array([[1.0, 0.0]])
    kf.predict()
    kf.update(1.0)
    kf.update(1.0)
    assert ukf.x == pytest.approx(kf.x, abs=1e-12)
    assert ukf.P == pytest.approx(kf.P, abs=1e-12)


def test_a_control_in_a_vector_is_not_broadcast_over_a_column() -> None:
    kf = walker()
    kf.predict(u=np.array([1.0, 2.0]), B=np.eye(2))
    assert kf.x.tolist() == [[1.0], [2.0]]


def test_smoothers_pair_each_matrix_with_the_row_it_leads_to() -> None:
    """filterpy's unscented smoother leaves Qs out, and takes dts one row early."""
    rng = np.random.default_rng(0)
    dts, Qs = [0.1, 1.0, 3.0, 0.5], [np.eye(2) * q for q in (0.1, 1.0, 2.0, 0.3)]
    points = ours.MerweScaledSigmaPoints(2, alpha=1.0, beta=2.0, kappa=1.0)
    ukf = ours.UnscentedKalmanFilter(
        2, 1, 0.1, lambda x: x[:1], lambda x, dt: np.array([x[0] + dt * x[1], x[1]]), points
    )
    kf = ours.KalmanFilter(2, 1)
    kf.x, kf.H = np.zeros(2), np.array([[1.0, 0.0]])
    Fs = [np.array([[1.0, dt], [0.0, 1.0]]) for dt in dts]
    means, covs, _, _ = kf.batch_filter(list(rng.normal(size=4)), Fs=Fs, Qs=Qs)
    expected = kf.rts_smoother(means, covs, Fs=Fs, Qs=Qs)
    found = ukf.rts_smoother(means, covs, Qs=Qs, dts=dts)
    for a, b in zip(found, expected, strict=False):
        assert a == pytest.approx(b, abs=1e-12)


def test_what_is_read_of_an_update_without_a_reading() -> None:
    kf = walker()
    kf.predict()
    kf.update(1.0)
    kf.update(None)
    assert (kf.log_likelihood, kf.likelihood, kf.mahalanobis) == (0.0, 1.0, 0.0)
    assert kf.z.tolist() == [[None]] and kf.y.tolist() == [[0.0]]
