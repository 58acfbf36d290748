"""Expectation–maximisation: one iteration is the mean of the expected squares, none lowers the likelihood, and where it
stops the likelihood is flat.

The expected squares come from dense conditioning of a state that carries its own noises, x, w and v, at once: no
recursion, no smoother's formula, and what is missing is known from the others as R says.
"""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.tuning import em, em_expectation
from oracle import dense

Array = NDArray[np.float64]


def covariance(rng: np.random.Generator, n: int, size: float = 1.0) -> Array:
    G = rng.normal(size=(n, n + 1)) * size
    P: Array = G @ G.T
    return P


class Case:
    """A linear model with full matrices and offsets, n states and m measures, and a log with parts missing."""

    def __init__(self, n: int, m: int, rows: int, seed: int, holes: float = 0.0) -> None:
        rng = np.random.default_rng(seed)
        F = np.linalg.qr(rng.normal(size=(n, n)))[0] * 0.9
        self.F, self.H = F, rng.normal(size=(m, n))
        self.Q, self.R = covariance(rng, n, 0.4), covariance(rng, m, 0.6)
        self.b, self.d = rng.normal(size=n), rng.normal(size=m)
        self.mean, self.cov = rng.normal(size=n), covariance(rng, n)
        x = rng.multivariate_normal(self.mean, self.cov)
        z = []
        for k in range(rows):
            x = F @ x + self.b + rng.multivariate_normal(np.zeros(n), self.Q) if k else x
            z.append(self.H @ x + self.d + rng.multivariate_normal(np.zeros(m), self.R))
        self.z = np.array(z)
        self.z[rng.uniform(size=self.z.shape) < holes] = np.nan
        self.other_Q, self.other_R = covariance(rng, n, 0.7), covariance(rng, m, 0.9)

    def model(self, Q: Array, R: Array, start: Any = "known") -> fog.Model:
        given = fog.Belief(self.mean, cov=self.cov) if start == "known" else start
        return fog.linear_model(self.F, Q, self.H, R, start=given, b=self.b, d=self.d)

    def log(self) -> fog.Log:
        return fog.Log.regular(self.z, dt=1.0)

    def expected(
        self, Q: Array, R: Array, predict_first: bool = False, digits: int = 60
    ) -> tuple[Array, Array]:
        """The mean of E[w wᵀ] over the steps and of E[v vᵀ] over the rows with readings."""
        n, m = len(Q), len(R)
        # The state is x, w and v; x and w share the noise of the step.
        F = np.zeros((2 * n + m, 2 * n + m))
        F[:n, :n] = self.F
        noise = np.zeros((2 * n + m, 2 * n + m))
        noise[:n, :n] = noise[n : 2 * n, n : 2 * n] = noise[:n, n : 2 * n] = noise[n : 2 * n, :n] = Q
        noise[2 * n :, 2 * n :] = R
        mean = np.concatenate([self.mean, np.zeros(n + m)])
        cov = np.zeros_like(noise)
        cov[:n, :n], cov[2 * n :, 2 * n :] = self.cov, R
        H = np.hstack([self.H, np.zeros((m, n)), np.eye(m)])
        answer = dense.condition(
            F, noise, H, np.zeros((m, m)), mean, cov, self.z,
            b=np.concatenate([self.b, np.zeros(n + m)]), d=self.d, predict_first=predict_first,
            digits=digits,
        ).rounded()  # fmt: skip
        squares = answer.smoothed_cov + np.einsum("ti,tj->tij", answer.smoothed_mean, answer.smoothed_mean)
        w = squares[0 if predict_first else 1 :, n : 2 * n, n : 2 * n]
        v = squares[~np.isnan(self.z).all(axis=1), 2 * n :, 2 * n :]
        return w.mean(axis=0), v.mean(axis=0)


@pytest.mark.parametrize("n, m, holes", [(2, 3, 0.0), (3, 2, 0.3), (1, 2, 0.5)])
@pytest.mark.parametrize("start_time", [None, -1.0])
def test_one_iteration_is_the_mean_of_the_expected_squares(
    n: int, m: int, holes: float, start_time: float | None
) -> None:
    case = Case(n, m, 8, seed=7 * n + m, holes=holes)
    fit = em.fit(case.model(case.other_Q, case.other_R), [case.log()], iterations=1, start_time=start_time)
    Q, R = case.expected(case.other_Q, case.other_R, start_time is not None)
    np.testing.assert_allclose(fit.Q, Q, rtol=0, atol=1e-11 * np.abs(Q).max())
    np.testing.assert_allclose(fit.R, R, rtol=0, atol=1e-11 * np.abs(R).max())


@pytest.mark.parametrize(
    "n, m, holes, known, start_time",
    [(2, 3, 0.0, 0, None), (3, 2, 0.3, 1, -1.0), (2, 1, 0.2, 1, None), (3, 1, 0.0, 0, -1.0)],
)
def test_an_unknown_start_is_the_limit_of_a_vague_one(
    n: int, m: int, holes: float, known: int, start_time: float | None
) -> None:
    """Nothing known, or the first state known: the dense answer with a variance of 1e40, in 120 digits."""
    case = Case(n, m, 9, seed=3 * n + m, holes=holes)
    std = np.array([0.7] * known + [np.inf] * (n - known))
    model = case.model(case.other_Q, case.other_R, fog.Belief(case.mean, std=std) if known else None)
    case.cov = np.diag(np.where(np.isinf(std), 1e40, std**2))
    if not known:
        case.mean = np.zeros(n)
    fit = em.fit(model, [case.log()], iterations=1, start_time=start_time)
    Q, R = case.expected(case.other_Q, case.other_R, start_time is not None, digits=120)
    np.testing.assert_allclose(fit.Q, Q, rtol=0, atol=1e-8 * np.abs(Q).max())
    np.testing.assert_allclose(fit.R, R, rtol=0, atol=1e-8 * np.abs(R).max())


@pytest.mark.parametrize(
    "n, m, holes, size", [(2, 2, 0.0, 1e4), (3, 2, 0.4, 1.0), (2, 3, 0.2, 1e-4), (3, 2, 0.1, 1e-4)]
)
def test_no_iteration_lowers_the_likelihood(n: int, m: int, holes: float, size: float) -> None:
    case = Case(n, m, 120, seed=n + 10 * m, holes=holes)
    fit = em.fit(
        case.model(case.other_Q * size, case.other_R / size), [case.log()], iterations=60, tolerance=0
    )
    assert len(fit.logliks) == 61
    assert (np.diff(fit.logliks) > -1e-9 * np.abs(fit.logliks[1:])).all(), np.diff(fit.logliks).min()
    assert fit.logliks[-1] > fit.logliks[0] + 1.0
    assert fit.loglik == pytest.approx(fog.run(fit.model, case.log(), fog.KF()).loglik, rel=1e-12)


def slopes(case: Case, Q: Array, R: Array, step: float = 1e-5) -> Array:
    """The derivative of the log-likelihood along A Q Aᵀ and A R Aᵀ, A = I + t E, for each entry of E."""

    def loglik(Q: Array, R: Array) -> float:
        return float(fog.run(case.model(Q, R), case.log(), fog.KF()).loglik)

    found = []
    for which, P in enumerate((Q, R)):
        for i, j in np.ndindex(P.shape):
            ends = []
            for t in (step, -step):
                A = np.eye(len(P))
                A[i, j] += t
                moved = A @ P @ A.T
                moved = (moved + moved.T) / 2.0
                ends.append(loglik(moved, R) if which == 0 else loglik(Q, moved))
            found.append((ends[0] - ends[1]) / (2.0 * step))
    return np.array(found)


def test_where_it_stops_the_likelihood_is_flat() -> None:
    case = Case(2, 2, 150, seed=5, holes=0.1)
    begun = slopes(case, case.other_Q, case.other_R)
    fit = em.fit(case.model(case.other_Q, case.other_R), [case.log()], iterations=20_000, tolerance=1e-15)
    assert fit.converged and not fit.advice
    assert np.abs(begun).max() > 10.0
    assert np.abs(slopes(case, fit.Q, fit.R)).max() < 1e-4


@pytest.mark.parametrize("start", ["known", None])
def test_logs_and_tracks_add_up(start: Any) -> None:
    """Two logs, two tracks side by side, and two tracks one after the other are the same data."""
    case, other = Case(2, 2, 30, seed=1, holes=0.2), Case(2, 2, 30, seed=1, holes=0.2)
    other.z = other.z[::-1].copy()
    model = case.model(case.other_Q, case.other_R, start)
    side = fog.Log.regular(np.stack([case.z, other.z]), dt=1.0)
    time = np.tile(np.arange(30.0), 2)
    ragged = fog.Log.from_arrays(time, track=np.repeat([1, 2], 30), sensor=np.vstack([case.z, other.z]))
    fits = [
        em.fit(model, logs, iterations=5, tolerance=0, start_time=start)
        for start in (None, -1.0)
        for logs in ([case.log(), other.log()], [side], [ragged])
    ]
    for first, *rest in (fits[:3], fits[3:]):
        for fit in rest:
            np.testing.assert_allclose(fit.logliks, first.logliks, rtol=1e-12)
            np.testing.assert_allclose(fit.Q, first.Q, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(fit.R, first.R, rtol=1e-9, atol=1e-12)
    assert abs(fits[3].logliks[-1] - fits[0].logliks[-1]) > 1e-3


def test_rows_of_equal_time_are_no_step() -> None:
    """Two readings at one stamp share a state: halves of a log are the log with the components put together."""
    case = Case(2, 2, 12, seed=3)
    apart = np.full((24, 2), np.nan)
    apart[::2, 0], apart[1::2, 1] = case.z[:, 0], case.z[:, 1]
    R = np.diag(np.diag(case.other_R))
    whole = em.fit(case.model(case.other_Q, R), [case.log()], iterations=1, tolerance=0)
    time = np.repeat(np.arange(12.0), 2)
    halves = em.fit(
        case.model(case.other_Q, R), [fog.Log.from_arrays(time, sensor=apart)], iterations=1, tolerance=0
    )
    assert halves.logliks[0] == pytest.approx(whole.logliks[0], rel=1e-12)
    np.testing.assert_allclose(halves.Q, whole.Q, rtol=1e-10)


def test_the_nile(shared_data: Any) -> None:
    """Durbin and Koopman 2012: 15,099 and 1,469.1 with nothing known at the start, by another way to the same top."""
    table = np.genfromtxt(shared_data / "nile" / "nile.csv", delimiter=",", skip_header=1)
    model = fog.linear_model(1.0, 5000.0, 1.0, 5000.0, start=None)
    fit = em.fit(model, [fog.Log.regular(table[:, 1], dt=1.0)], iterations=2000, tolerance=1e-13)
    assert fit.converged and fit.loglik == pytest.approx(-633.4646, abs=5e-5)
    assert fit.R[0, 0] == pytest.approx(15098.5, abs=0.1) and fit.Q[0, 0] == pytest.approx(1469.18, abs=0.1)
    assert (np.diff(fit.logliks) > -1e-9).all()


def test_the_recorded_robot(shared_data: Any) -> None:
    """P. Abbeel's MATLAB results: all 50 log-likelihoods, and Q and R after 50 iterations from 10 I."""
    from scipy.io import loadmat

    m = loadmat(shared_data / "pykalman_robot" / "robot.mat")
    z = np.vstack([np.full((1, 2), np.nan), m["y"].T])  # the start is not measured
    b = np.vstack([np.zeros((1, 5)), m["b"].T])
    start = fog.Belief(m["x0"][:, 0], cov=m["P_0"])
    model = fog.linear_model(m["A"], 10 * np.eye(5), m["C"], 10 * np.eye(2), start=start, b=b, d=m["d"][:, 0])
    fit = em.fit(model, [fog.Log.regular(z, dt=1.0)], iterations=50, tolerance=0)
    np.testing.assert_allclose(fit.logliks[:50], m["ll"].ravel(), rtol=0, atol=1e-8)
    assert fit.loglik == pytest.approx(-3189.452518, abs=1e-6)
    np.testing.assert_allclose(fit.Q, m["Q"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(fit.R, m["R"], rtol=0, atol=1e-10)
    assert np.array_equal(fit.Q, fit.Q.T) and np.linalg.eigvalsh(fit.Q).min() > 0.0


@pytest.mark.parametrize("term", ["spread", "missing"])
def test_a_forgotten_term_is_noticed(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variance of what is smoothed, or with a missing component's noise taken for 0."""
    if term == "spread":
        whole = em_expectation._beliefs
        monkeypatch.setattr(
            em_expectation, "_beliefs", lambda *given: (*whole(*given)[:2], 0.0 * whole(*given)[2])
        )
    else:

        def padded(seen: Array, R: Array, pattern: Any, count: int) -> Array:
            total = np.zeros_like(R)
            total[np.ix_(pattern, pattern)] = seen
            return total

        monkeypatch.setattr(em_expectation, "_completed", padded)
    with pytest.raises(AssertionError):
        test_one_iteration_is_the_mean_of_the_expected_squares(3, 2, 0.3, None)


@pytest.mark.parametrize("vague", [np.inf, 1e6])
@pytest.mark.parametrize("seed", [59, *[pytest.param(seed, marks=pytest.mark.campaign) for seed in (3, 8)]])
def test_no_iteration_lowers_the_likelihood_of_a_season(vague: float, seed: int) -> None:
    """A level and a season of six, a precise sensor and few rows, most of them spent on the start."""
    F, H, Q = np.eye(6, k=-1), np.eye(1, 6), np.diag([2.0, 2.0, 0.0, 0.0, 0.0, 0.0])
    F[0, 0], F[1], H[0, 1] = 1.0, [0.0, -1.0, -1.0, -1.0, -1.0, -1.0], 1.0
    y = np.random.default_rng(seed).normal(size=11).round(1)
    model = fog.linear_model(F, Q, H, [[2e-4]], start=fog.Belief(np.zeros(6), std=np.full(6, vague)))
    fit = fog.tune(model, fog.Log.regular(y, dt=1.0), method="em", iterations=5)
    assert (np.diff(fit.logliks) > 0.0).all() and not fit.converged
