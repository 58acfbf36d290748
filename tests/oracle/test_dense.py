"""Dense conditioning against the recursion, the smoother of the textbook, the precision matrix, and laws of its own."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from . import basis, dense, matrices, models, recursion, suboptimal
from .matrices import exact, floats

TINY = mpf("1e-50")


def problem(steps: int = 5, varying: bool = True) -> models.Linear:
    """Two sensors in one row: components 0 and 1 with correlated errors, and component 2."""
    case = models.full(3, n=2, m=3, steps=steps, missing=0.3, varying=varying)
    R = case.R.copy()
    R[..., 2, :2] = R[..., :2, 2] = 0.0
    z = case.z.copy()
    z[2] = np.nan
    return replace(case, R=R, z=z)


def conditioned(case: models.Linear, **options: Any) -> dense.Answer:
    given = (case.F, case.Q, case.H, case.R, case.mean, case.cov, case.z)
    return dense.condition(*given, b=case.b, d=case.d, **options)


def filtered(case: models.Linear, predict_first: bool = False) -> list[recursion.Row]:
    given = (case.F, case.Q, case.H, case.R, case.mean, case.cov, case.z)
    return recursion.filter_rows(*given, b=case.b, d=case.d, predict_first=predict_first)


def apart(a: Any, b: Any) -> float:
    return matrices.frobenius(np.asarray(a) - np.asarray(b))


@pytest.mark.parametrize("predict_first", [False, True])
@pytest.mark.parametrize("varying", [False, True])
def test_recursion_is_dense_conditioning(varying: bool, predict_first: bool) -> None:
    case = problem(varying=varying)
    answer, rows = conditioned(case, predict_first=predict_first), filtered(case, predict_first)
    with mp.workdps(60):
        assert len(rows) == 5
        for k, row in enumerate(rows):
            assert apart(answer.predicted_mean[k], row.predicted_mean) < TINY
            assert apart(answer.predicted_cov[k], row.predicted_cov) < TINY
            assert apart(answer.mean[k], row.mean) < TINY
            assert apart(answer.cov[k], row.cov) < TINY
            used = ~np.isnan(case.z[k])
            assert (np.isnan(floats(answer.innovation[k])) == ~used).all()
            assert apart(answer.innovation[k][used], row.innovation[used]) < TINY
            H, R = (recursion.at(a, k, 2) for a in (case.H, case.R))
            S = (H @ row.predicted_cov @ H.T + R)[np.ix_(used, used)]
            assert apart(answer.innovation_cov[k][np.ix_(used, used)], S) < TINY
            assert abs(answer.row_loglik[k] - row.loglik) < TINY
            assert abs(answer.nis[k] - row.nis) < TINY if used.any() else mp.isnan(answer.nis[k])


def test_a_sensor_follows_the_sensors_before_it() -> None:
    case = problem()
    whole, apiece = conditioned(case), conditioned(case, sensors=(2, 1))
    rows = filtered(case)
    compared = 0
    with mp.workdps(60):
        assert apart(apiece.mean, whole.mean) < TINY and apart(apiece.cov, whole.cov) < TINY
        assert abs(apiece.loglik - whole.loglik) < TINY
        for k, row in enumerate(rows):
            H, R, d = (recursion.at(a, k, i) for a, i in ((case.H, 2), (case.R, 2), (case.d, 1)))
            first = recursion.update(
                row.predicted_mean, row.predicted_cov, case.z[k, :2], H[:2], R[:2, :2], d[:2]
            )
            second = recursion.update(first.mean, first.cov, case.z[k, 2:], H[2:], R[2:, 2:], d[2:])
            if not np.isnan(case.z[k, 2]):
                assert abs(apiece.innovation[k, 2] - second.innovation[0]) < TINY
                S = (H[2:] @ first.cov @ H[2:].T + R[2:, 2:])[0, 0]
                assert abs(apiece.innovation_cov[k, 2, 2] - S) < TINY
                if not np.isnan(case.z[k, :2]).all():
                    assert abs(apiece.innovation[k, 2] - whole.innovation[k, 2]) > 1e-3
                assert np.isnan(floats(apiece.innovation_cov[k, 2, :2])).all()
                compared += 1
    assert compared >= 3


def test_smoothing_is_the_backward_pass() -> None:
    """Rauch, Tung and Striebel 1965, with the lag-one covariance of Shumway and Stoffer 1982 in its simplest form."""
    case = problem()
    answer, rows = conditioned(case), filtered(case)
    with mp.workdps(60):
        for k, (x, P, lag_one) in enumerate(recursion.smooth_rows(rows, case.F)):
            assert apart(answer.smoothed_mean[k], x) < TINY
            assert apart(answer.smoothed_cov[k], P) < TINY
            assert not k or apart(answer.lag_one[k], lag_one) < TINY
    assert np.isnan(floats(answer.lag_one[0])).all()


def test_smoothing_is_the_inverse_of_the_precision() -> None:
    """Another route: the precision of all states given all of z, C^-1 + H' R^-1 H, inverted whole."""
    case = problem()
    answer, n = conditioned(case), 2
    with mp.workdps(60):
        m, C = dense.trajectory(case.F, case.Q, case.mean, case.cov, case.b, 5, False)
        seen, H, R, _ = dense.measurements(case.H, case.R, case.d, case.z, n)
        I = matrices.identity(5 * n)  # noqa: E741
        information = H.T @ matrices.solve(R, H)
        cov = matrices.solve(matrices.solve(C, I) + information, I)
        mean = m + cov @ (H.T @ matrices.solve(R, seen - H @ m))
        for k in range(5):
            own, before = slice(k * n, (k + 1) * n), slice((k - 1) * n, k * n)
            assert apart(answer.smoothed_mean[k], mean[own]) < TINY
            assert apart(answer.smoothed_cov[k], cov[own, own]) < TINY
            if k:
                assert apart(answer.lag_one[k], cov[own, before]) < TINY


def test_more_data_never_widens() -> None:
    answer = conditioned(problem(8)).rounded()
    for wide, narrow in ((answer.predicted_cov, answer.cov), (answer.cov, answer.smoothed_cov)):
        gained = np.linalg.eigvalsh(wide - narrow)
        assert gained.min() > -1e-15 and gained.max() > 0.05
    assert np.array_equal(answer.smoothed_cov[-1], answer.cov[-1])
    for k in range(1, 8):
        pair = np.block([
            [answer.smoothed_cov[k], answer.lag_one[k]], [answer.lag_one[k].T, answer.smoothed_cov[k - 1]]
        ])  # fmt: skip
        assert np.linalg.eigvalsh(pair).min() > 0


def test_without_process_noise_the_past_moves_with_the_present() -> None:
    case = problem()
    still = replace(case, Q=0 * case.Q)
    answer = conditioned(still)
    with mp.workdps(60):
        for k in range(1, 5):
            F, b = exact(still.F[k]), exact(still.b[k])
            assert apart(answer.smoothed_mean[k], F @ answer.smoothed_mean[k - 1] + b) < TINY
            assert apart(answer.lag_one[k], F @ answer.smoothed_cov[k - 1]) < TINY
            assert apart(answer.smoothed_cov[k], answer.lag_one[k] @ F.T) < TINY


def test_without_data_everything_is_the_prior() -> None:
    case = problem()
    blind = replace(case, z=np.full_like(case.z, np.nan))
    answer = conditioned(blind)
    assert apart(answer.smoothed_cov, answer.predicted_cov) == 0 == answer.loglik
    assert np.isnan(floats(answer.nis)).all()
    nothing_after = replace(case, z=np.vstack([case.z[:2], np.full((3, 3), np.nan)]))
    answer = conditioned(nothing_after)
    assert apart(answer.smoothed_cov[1:], answer.cov[1:]) == 0
    assert apart(answer.smoothed_cov[0], answer.cov[0]) > 1e-6


SLIPS = {
    "P0 of 1.05": lambda c: replace(c, cov=1.05 * c.cov),
    "R of 0.9": lambda c: replace(c, R=0.9 * c.R),
    "no Q": lambda c: replace(c, Q=0.0 * c.Q),
    "z a row late": lambda c: replace(c, z=np.roll(c.z, 1, axis=0)),
    "F transposed": lambda c: replace(c, F=c.F.swapaxes(1, 2)),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_either_is_seen(slip: str) -> None:
    """The planted defects of the comparison: every number of the answer moves by far more than is asked of it."""
    case = problem()
    right, wrong = conditioned(case).rounded(), conditioned(SLIPS[slip](case)).rounded()
    for name in ("cov", "smoothed_cov", "lag_one", "row_loglik", "mean", "smoothed_mean"):
        if slip != "z a row late" or name in ("mean", "smoothed_mean", "row_loglik"):
            assert np.nanmax(np.abs(getattr(right, name) - getattr(wrong, name))) > 1e-4, name


@pytest.mark.parametrize("predict_first", [False, True])
def test_unit_noises_have_the_covariance_of_the_trajectory(predict_first: bool) -> None:
    """The runs of the basis test are a root of the covariance of states and measurements together."""
    case = replace(problem(), Q=np.array([np.outer(v, v) for v in np.arange(1.0, 11).reshape(5, 2)]))
    runs = basis.experiment(case, predict_first)
    m, C = dense.trajectory(case.F, case.Q, case.mean, case.cov, case.b, 5, predict_first)
    _, H, R, used = dense.measurements(case.H, case.R, case.d, case.z, 2)
    z = runs.z.reshape(len(runs.z), -1)[:, used]
    both = np.hstack([runs.truth.reshape(len(runs.truth), -1), z])
    spread = (both[1:] - both[0]).T @ (both[1:] - both[0])
    expected = np.block([[C, C @ H.T], [H @ C, H @ C @ H.T + R]])
    assert np.abs(spread - floats(expected)).max() < 1e-11
    assert np.abs(both[0, :10] - floats(m)).max() < 1e-13
    assert len(runs.z) == 1 + 2 + (5 if predict_first else 4) + len(used)


def test_a_filter_of_the_right_model_is_as_good_as_it_says() -> None:
    """And the one of a wrong model as its errors in the runs of the basis test say."""
    case = problem()
    answer = suboptimal.compare(case, case)
    right = conditioned(case).rounded()
    assert np.abs(answer.true - right.cov).max() < 1e-14
    assert np.abs(answer.stated - right.cov).max() < 1e-14
    assert np.abs(answer.bias).max() < 1e-15
    for slip in ("P0 of 1.05", "R of 0.9", "no Q", "F transposed"):
        claimed = SLIPS[slip](case)
        answer, runs = suboptimal.compare(claimed, case), basis.experiment(case)
        means = np.array([[floats(row.mean) for row in filtered(replace(claimed, z=z))] for z in runs.z])
        assert np.abs(runs.error_cov(means) - answer.true).max() < 1e-12
        assert np.abs(runs.bias(means) - answer.bias).max() < 1e-12
        assert np.abs(answer.stated - floats(np.array([row.cov for row in filtered(claimed)]))).max() < 1e-14
        assert np.abs(answer.stated - answer.true).max() > 1e-3
