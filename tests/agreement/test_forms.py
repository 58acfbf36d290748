"""Every method in every form is one filter on a linear model: correlated noise, missing components, uneven time."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from oracle import models, plain

RNG = np.random.default_rng(411)
T, N, M = 40, 3, 2
DRIFT = 0.3 * RNG.standard_normal((N, N)) - 0.4 * np.eye(N)
DENSITY = 0.2 * models.covariance(RNG, N)
H = RNG.standard_normal((M, N))
R = models.covariance(RNG, M)
START = fog.Belief([1.0, -2.0, 0.5], cov=models.covariance(RNG, N))
SECONDS = np.cumsum(np.round(RNG.uniform(0.01, 0.4, T), 3))
Z = 2 * RNG.standard_normal((T, M))
Z[RNG.random((T, M)) < 0.25] = np.nan

METHODS = [fog.KF(form=form) for form in ("factored", "joseph", "textbook")]
METHODS += [fog.EKF(form=form) for form in ("factored", "joseph", "textbook")]
METHODS += [
    fog.EKF(iterations=3),
    fog.UKF(alpha=1.0),
    fog.UKF(alpha=1e-3),
    fog.UKF(beta=3.0, kappa=1.0),
    fog.CKF(),
]


def transition(dt: Any) -> Any:
    """Second-order series of exp(A dt): full, not symmetric, and different in every row."""
    A = DRIFT
    return np.eye(N) + A * dt + (A @ A) * (dt * dt / 2)


def the_model() -> Any:
    motion = fog.Motion(
        state=("a", "b", "c"),
        dynamics=lambda x, dt, p: transition(dt) @ x,
        noise=lambda x, dt, p: DENSITY * dt,
    )
    sensor = fog.Sensor(
        "pair", measures=("first", "second"), measure=lambda x, p: H @ x + [0.5, -0.25], noise=lambda x, p: R
    )
    return fog.Model(motion, [sensor], start=START)


def expected() -> plain.Answer:
    dt = np.diff(SECONDS, prepend=SECONDS[0])
    F = np.array([transition(step) for step in dt])
    Q = np.array([DENSITY * step for step in dt])
    return plain.kalman(F, Q, H, R, START.mean, START.cov, Z, d=np.array([0.5, -0.25]))


@pytest.fixture(scope="module")
def answer() -> plain.Answer:
    return expected()


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_every_method_and_form_is_the_kalman_filter(method: Any, answer: plain.Answer) -> None:
    assert 10 < np.isnan(Z).any(axis=1).sum() < T
    run = fog.run(the_model(), fog.Log.from_arrays(SECONDS, pair=Z), method=method)
    assert np.abs(run.filtered.mean - answer.mean).max() <= 1e-11
    assert np.abs(run.filtered.cov - answer.cov).max() <= 1e-11
    assert np.abs(run.predicted.mean - answer.predicted).max() <= 1e-11
    assert np.abs(run.predicted.cov - answer.predicted_cov).max() <= 1e-11
    assert (np.isnan(run.innovation) == np.isnan(Z)).all()
    assert np.nanmax(np.abs(run.innovation - answer.innovation)) <= 1e-11
    both = ~np.isnan(Z).any(axis=1)
    assert np.abs(run.innovation_cov - answer.innovation_cov)[both].max() <= 1e-11
    assert run.loglik == pytest.approx(answer.loglik, abs=1e-10)


def test_ekf_is_the_kf_to_the_bit() -> None:
    log = fog.Log.from_arrays(SECONDS, pair=Z)
    one, other = (fog.run(the_model(), log, method=method) for method in (fog.KF(), fog.EKF()))
    assert one.filtered.mean.tobytes() == other.filtered.mean.tobytes()
    assert one.filtered.factor[0].tobytes() == other.filtered.factor[0].tobytes()
    assert one.filtered.factor[1].tobytes() == other.filtered.factor[1].tobytes()
    assert one.row_loglik.tobytes() == other.row_loglik.tobytes()


def test_tracks_side_by_side_are_tracks_one_by_one() -> None:
    """A leading track axis changes no bit of any track, whatever the other lanes hold."""
    rng = np.random.default_rng(5)
    z = rng.standard_normal((7, T, M))
    z[rng.random(z.shape) < 0.3] = np.nan
    case = models.full(77, n=N, m=M, steps=1)
    model = fog.linear_model(case.F, case.Q, case.H, case.R, start=START, b=case.b, d=case.d)
    together = fog.run(model, fog.Log.regular(z, dt=1.0), method=fog.KF())
    assert together.filtered.mean.shape == (7, T, N)
    for track in range(7):
        alone = fog.run(model, fog.Log.regular(z[track], dt=1.0), method=fog.KF())
        assert alone.filtered.mean.tobytes() == together.filtered.mean[track].tobytes()
        assert alone.filtered.cov.tobytes() == together.filtered.cov[track].tobytes()
        assert alone.row_loglik.tobytes() == together.row_loglik[track].tobytes()
        assert alone.nis.tobytes() == together.nis[track].tobytes()
