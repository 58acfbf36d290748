"""What others found with an exact diffuse start, at the parameters that they state.

KFAS leaves the -½ log 2π of each absorbed reading out of its log-likelihood; statsmodels and Stata have it, as here.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from oracle import recorded, structural
from oracle.structural import ABSORBED

Array = NDArray[np.float64]
LINE = [[1.0, 1.0], [0.0, 1.0]]
FIRST = {
    "local_level": ([[1.0]], [[8.253]], [[1.0]], [[1.993]], [[10.2394]]),
    "local_linear_trend": (LINE, np.diag([8.253, 2.334]), [[1.0, 0.0]], [[1.993]], [[10.2394], [4.2039], [6.123123]]),
    "common_level": (np.eye(2), np.diag([3.2324, 0.0]), [[1.0, 0.0], [0.1111, 1.0]], np.eye(2), [[10.2394, 8.2304]]),
}  # fmt: skip


def run_of(F: Any, Q: Any, H: Any, R: Any, z: Array, method: Any = None) -> Any:
    return fog.run(fog.linear_model(F, Q, H, R, start=None), fog.Log.regular(z, dt=1.0), method=method)


def per_reading(run: Any) -> Array:
    """The log-likelihood a reading, as KFAS has it."""
    return np.asarray((run.loglik + run.absorbed * ABSORBED) / np.sum(~np.isnan(run.row_loglik)))


@pytest.mark.parametrize("method", [fog.KF(), fog.UKF()], ids=repr)
def test_the_nile_by_either_convention(shared_data: Path, method: Any) -> None:
    run = run_of(1.0, 1469.1, 1.0, 15099.0, structural.nile(shared_data)[:, None], method)
    assert run.loglik == pytest.approx(-633.4646, abs=5e-5) and run.absorbed == 1
    assert run.loglik + ABSORBED == pytest.approx(-632.5456, abs=5e-5)
    assert run.filtered.mean[-1, 0] == pytest.approx(798.370, abs=5e-4)
    assert run.filtered.cov[-1, 0, 0] == pytest.approx(4032.158, abs=5e-4)


@pytest.mark.parametrize("name", [*FIRST, "var1"])
def test_rows_of_kfas(shared_data: Path, name: str) -> None:
    """Predicted and filtered states, innovations with their variances where there is one, and the likelihood."""
    if name == "var1":
        growth = np.diff(np.log(recorded.quarterly(shared_data, "realgdp", "realcons")), axis=0)
        given: Any = (
            [[0.5, 0.3], [0.2, 0.4]],
            np.diag([2.0, 3.0]),
            np.eye(2),
            np.zeros((2, 2)),
            400 * growth[:20],
        )
    else:
        *given, first = FIRST[name]
        z = np.ones((10, len(given[2])))
        z[: len(first)] = first
        given = (*given, z)
    run = run_of(*given)
    F, z = np.array(given[0]), given[-1]
    n, m, rows = len(F), z.shape[1], len(z)
    names = [f"{what}_{i + 1}" for what, count in (("a", n), ("att", n), ("v", m), ("F", m), ("Finf", m))
             for i in range(count)]  # fmt: skip
    table = recorded.columns(shared_data, f"results_exact_initial_{name}_R.csv", *names)[:rows]
    a, att, v, S, S_inf = np.split(table, np.cumsum([n, n, m, m]), axis=1)
    tested = np.isnan(S_inf) | (S_inf == 0.0)
    known = np.isfinite(run.filtered.std).all(axis=1)
    assert run.absorbed == n == (~tested).sum() and known[-1]
    assert (np.isnan(run.innovation) == ~tested).all()
    assert ((run.status & fog.Status.DIFFUSE != 0) == (~tested).any(axis=1)).all()
    assert np.abs(run.filtered.mean - att)[known].max() <= 1e-12
    assert np.abs(run.predicted.mean - a)[1:][known[:-1]].max() <= 1e-12
    # KFAS takes one component after the other: the first of a row is as here, and with it all where there is one.
    one = tested[:, 0]
    assert np.abs(run.innovation - v)[one, 0].max() <= 1e-12
    assert np.abs(run.innovation_cov[:, 0, 0] - S[:, 0])[one].max() <= 1e-12
    if name == "var1":
        whole = [f"P_{i + 1}" for i in range(4)]
        P = recorded.columns(shared_data, "results_exact_initial_var1_R.csv", *whole)[:rows].reshape(
            rows, 2, 2
        )
    else:
        P = recorded.columns(shared_data, f"results_exact_initial_{name}_R.csv", "sumP")[:rows]
    mine = run.predicted.cov if name == "var1" else run.predicted.cov.sum(axis=(1, 2))[:, None]
    assert np.abs(mine - P)[1:][known[:-1]].max() <= 1e-12
    published = recorded.columns(shared_data, f"results_exact_initial_{name}_R.csv", "llf")[0, 0]
    assert run.loglik + run.absorbed * ABSORBED == pytest.approx(published, abs=1e-11)


def test_commandeur_and_koopman_at_their_parameters(shared_data: Path) -> None:
    drivers = structural.drivers(shared_data)[:, None]
    norway, finland = structural.fatalities(shared_data).T[:, :, None]
    level = run_of(1.0, 0.01186598, 1.0, 0.00222155, drivers)
    assert per_reading(level) == pytest.approx(0.6451960, abs=5e-8)
    trend = run_of(LINE, np.diag([0.0121285, 2.774e-9]), np.eye(1, 2), 0.00211807, drivers)
    assert per_reading(trend) == pytest.approx(0.6247902, abs=5e-8)
    assert per_reading(run_of(1.0, 0.0047030, 1.0, 0.00326821, norway)) == pytest.approx(0.8468622, abs=5e-8)
    smooth = run_of(LINE, np.diag([0.0, 0.00153314]), np.eye(1, 2), 0.00320083, finland)
    assert per_reading(smooth) == pytest.approx(0.7864746, abs=5e-8)


def test_a_season_of_twelve_states(shared_data: Path) -> None:
    """Commandeur and Koopman: a level that wanders and a season that does not, all twelve states unknown."""
    F = np.zeros((12, 12))
    F[0, 0], F[1, 1:], F[2:, 1:-1] = 1.0, -1.0, np.eye(10)
    H = np.eye(1, 12)
    H[0, 1] = 1.0
    run = run_of(
        F, np.diag([0.0009456, *np.zeros(11)]), H, 0.003514, structural.drivers(shared_data)[:, None]
    )
    assert run.absorbed == 12 and np.isnan(run.innovation).sum() == 12
    assert per_reading(run) == pytest.approx(0.9829965, abs=5e-7)
    assert (
        np.abs(run.filtered.mean[-1, 1:].sum() + run.filtered.mean[-12, 1]) < 0.2
    )  # a season adds up to nothing


@pytest.mark.parametrize(
    "Q, R, loglik, is_trend",
    [
        ([[0.1182078808]], 4.256647886e-06, -70.97242557, False),
        (np.diag([0.01008704925, 0.0609176081]), 1.339852549e-06, -31.15640107, True),
        (np.diag([0.0, 0.0753064234342]), 0.0008824099119, -31.92261408, True),
        ([[0.1182174646]], 0.0, -70.96771641, False),
        (np.diag([0.0, 0.08054724989]), 0.0, -32.05607557, True),
    ],
    ids=["local level", "local linear trend", "smooth trend", "random walk", "random trend"],
)
def test_structural_models_of_unemployment(
    shared_data: Path, Q: Any, R: float, loglik: float, is_trend: bool
) -> None:
    """KFAS at the maxima that it found; at two of them R is next to nothing or nothing."""
    z = structural.unemployment(shared_data)[:, None]
    run = run_of(LINE if is_trend else [[1.0]], Q, np.eye(1, len(Q)), R, z)
    assert run.loglik + run.absorbed * ABSORBED == pytest.approx(loglik, abs=5e-8)


def test_clark_with_an_unknown_start_is_the_limit_of_vast_ones(shared_data: Path) -> None:
    """Clark 1989 starts at 100 F Fᵀ, of rank 5, where the likelihood is 1485.41934; here at κ F Fᵀ, κ → ∞."""
    case = recorded.clark(shared_data)
    directions = case.F[:, np.flatnonzero(case.F.any(axis=0))]
    assert directions.shape == (6, 5)

    def from_here(start: fog.Belief) -> Any:
        return fog.run(
            fog.linear_model(case.F, case.Q, case.H, case.R, start=start), fog.Log.regular(case.z, dt=1.0)
        )

    exact = from_here(fog.Belief(np.zeros(6), std=np.zeros(6), unknown=directions))
    assert exact.absorbed == 5 and exact.belief.unknown.size == 0
    for kappa in (1e2, 1e4, 1e6):
        vast = from_here(fog.Belief(np.zeros(6), cov=kappa * case.F @ case.F.T))
        assert kappa > 1e2 or vast.loglik == pytest.approx(1485.41934, abs=5e-3)
        # Of the start, x₀² / 2κ is left: log output is 8 at first, and so is its share of the rest.
        assert abs(vast.loglik + 2.5 * np.log(kappa) - exact.loglik) <= 26.0 / kappa
        away = np.abs((exact.filtered.mean - vast.filtered.mean)[-1] / exact.filtered.std[-1])
        assert away.max() <= 6e-4 / kappa + 1e-9


@pytest.mark.parametrize("seasonal", [None, 4])
def test_statsmodels(shared_data: Path, seasonal: int | None) -> None:
    """A peer with an exact diffuse start of its own, on data with holes: every row."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    y = structural.drivers(shared_data)[:60].copy()
    y[[0, 3, 4, 20]] = np.nan
    peer = UnobservedComponents(y, "local linear trend", seasonal=seasonal, use_exact_diffuse=True)
    params = [0.002, 0.01, 0.0001] + [0.0004] * bool(seasonal)
    theirs = peer.smooth(params)
    ssm = peer.ssm
    Q = ssm["selection"] @ ssm["state_cov"] @ ssm["selection"].T
    run = run_of(ssm["transition"], Q, ssm["design"], ssm["obs_cov"], y[:, None])
    known = np.isfinite(run.filtered.std).all(axis=1)
    rows = np.flatnonzero(known)
    assert run.loglik == pytest.approx(theirs.llf, rel=1e-12)
    assert np.abs(run.filtered.mean - theirs.filtered_state.T)[rows].max() <= 1e-10
    assert np.abs(run.filtered.cov - theirs.filtered_state_cov.transpose(2, 0, 1))[rows].max() <= 1e-11
    assert len(rows) > 40
