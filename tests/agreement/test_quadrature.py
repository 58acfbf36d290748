"""How far EKF, iterated EKF, UKF and CKF are from the exact answer of curved models, found by quadrature.

Nothing here is asked to be small: these filters approximate. Stated and kept is what they miss: the bias of the
mean in true standard deviations (root mean square over all measurements, each as probable as the model says) and
the claimed standard deviation over the true one. A change in either is a change of the filter. Run with -rP to
read the tables.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from agreement.curved_cases import CASES, METHODS, STEPS, Array, exact, missed, missed_steps
from oracle import models, plain, quadrature

# (bias, claimed over true standard deviation), to three decimals.
TABLE = {
    "square of a state": {
        "EKF": (0.874, 0.989), "iterated": (0.172, 0.971), "UKF": (0.519, 1.209),
        "UKF 1e-3": (0.519, 1.209), "CKF": (0.633, 0.989),
    },
    "range of a near point": {
        "EKF": (0.229, 0.967), "iterated": (0.230, 0.967), "UKF": (0.015, 1.000),
        "UKF 1e-3": (0.057, 0.992), "CKF": (0.021, 0.972),
    },
    "bearing of a near point": {
        "EKF": (0.130, 0.999), "iterated": (0.097, 0.998), "UKF": (0.120, 1.003),
        "UKF 1e-3": (0.122, 1.000), "CKF": (0.120, 1.002),
    },
    "range and bearing": {
        "EKF": (0.248, 1.009), "iterated": (0.020, 0.998), "UKF": (0.207, 1.018),
        "UKF 1e-3": (0.222, 1.015), "CKF": (0.207, 1.011),
    },
    "polar motion": {
        "EKF": (0.818, 0.963), "iterated": (0.818, 0.963), "UKF": (0.407, 1.138),
        "UKF 1e-3": (0.409, 1.103), "CKF": (0.419, 1.033),
    },
    "five noisy steps": {
        "EKF": (0.257, 1.035), "iterated": (0.049, 0.998), "UKF": (0.192, 1.045),
        "UKF 1e-3": (0.192, 1.045), "CKF": (0.193, 1.037),
    },
}  # fmt: skip
TOLERANCE = 1.5e-3


def row_of(name: str) -> dict[str, tuple[float, float]]:
    """What every method misses on this case."""
    if name in CASES:
        return {label: missed(name, CASES[name], method) for label, method in METHODS.items()}
    return {label: missed_steps(method) for label, method in METHODS.items()}


def differences(name: str, found: dict[str, tuple[float, float]]) -> Array:
    """How far the figures are from the recorded ones; (methods, 2)."""
    return np.abs(np.array([found[label] for label in METHODS]) - [TABLE[name][label] for label in METHODS])


@pytest.mark.parametrize("name", TABLE)
def test_what_each_method_misses(name: str) -> None:
    found = row_of(name)
    for label, (bias, size) in found.items():
        print(f"{name:24s} {label:9s} bias {bias:.3f} sigma, claimed / true std {size:.3f}")
    assert differences(name, found).max() <= TOLERANCE
    bias = {label: figures[0] for label, figures in found.items()}
    assert bias["UKF"] < bias["EKF"] and bias["CKF"] < bias["EKF"] and bias["UKF 1e-3"] < bias["EKF"]
    if name in ("square of a state", "bearing of a near point", "range and bearing", "five noisy steps"):
        assert bias["iterated"] < bias["UKF"]  # the sensor bends; a symmetric posterior lies at its peak
    else:
        assert bias["iterated"] == pytest.approx(
            bias["EKF"], rel=0.01
        )  # the bend is not the sensor's to undo


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("defect", ["P 1.05", "R 0.9", "mean"])
def test_a_defect_moves_the_figures(name: str, defect: str) -> None:
    """A filter that uses another start or noise is told from the right one, by each method."""
    case = CASES[name]
    wrong = {
        "P 1.05": replace(case, cov=(1.05 * np.array(case.cov)).tolist()),
        "R 0.9": replace(case, R=(0.9 * np.array(case.R)).tolist()),
        "mean": replace(case, mean=[v + 0.05 for v in case.mean]),
    }[defect]
    found = {label: missed(name, wrong, method) for label, method in METHODS.items()}
    assert (differences(name, found).max(1) > TOLERANCE).all()


def test_a_missing_wrap_and_a_missing_noise_move_the_figures() -> None:
    name = "bearing of a near point"
    bearings = exact(name)[0]
    assert bearings.min() < -2.8 and bearings.max() > 2.8
    found = {
        label: missed(name, replace(CASES[name], angles=()), method) for label, method in METHODS.items()
    }
    assert (differences(name, found).max(1) > TOLERANCE).all()
    for q, r in ((1e-9, STEPS["R"]), (STEPS["Q"], 0.9 * STEPS["R"])):
        found = {label: missed_steps(method, q, r) for label, method in METHODS.items()}
        assert (differences("five noisy steps", found).max(1) > TOLERANCE).all()


def linear_steps(reach: float, count: int) -> Array:
    """The quadrature's answer to a linear problem of two states: three updates and two motions without noise."""
    m = models.full(611, n=2, m=1, steps=3)
    belief = quadrature.gaussian(m.mean, m.cov, reach, count)
    rows = []
    for k in range(3):
        if k:
            belief = quadrature.moved(belief, lambda x: x @ m.F.T + m.b)
        belief, p = quadrature.updated(belief, lambda x: x @ m.H.T + m.d, m.R, m.z[k])
        rows.append([*belief.mean, *belief.cov.ravel(), np.log(p)])
    return np.array(rows)


def test_the_quadrature_is_the_kalman_filter_where_nothing_bends() -> None:
    m = models.full(611, n=2, m=1, steps=3)
    found = quadrature.converged(linear_steps, 60, tolerance=1e-10)

    def expected(P: float = 1.0, R: float = 1.0, F: Array = m.F) -> Array:
        nothing = np.zeros((2, 2))
        k = plain.kalman(F, nothing, m.H, R * m.R, m.mean, P * m.cov, m.z, b=m.b, d=m.d)
        return np.hstack([k.mean, k.cov.reshape(3, 4)])

    assert found[:, :6] == pytest.approx(expected(), abs=1e-9)
    assert found[:, 6].sum() == pytest.approx(
        plain.kalman(m.F, np.zeros((2, 2)), m.H, m.R, m.mean, m.cov, m.z, b=m.b, d=m.d).loglik, abs=1e-9
    )
    for wrong in (expected(P=1.05), expected(R=0.9), expected(F=m.F.T)):
        assert np.abs(found[:, :6] - wrong).max() > 1e-3


def test_noisy_steps_are_the_kalman_filter_where_nothing_bends() -> None:
    F, Q, R, z = np.array([[0.8]]), np.array([[0.3]]), np.array([[0.2]]), np.array([[0.4], [1.5], [-0.2]])

    def compute(reach: float, count: int) -> Array:
        belief = quadrature.gaussian(np.array([0.5]), np.array([[2.0]]), reach, count)
        rows = []
        for k in range(3):
            if k:
                belief = quadrature.diffused(belief, lambda x: x @ F.T + 0.1, Q, reach, count)
            belief, _ = quadrature.updated(belief, lambda x: 1.5 * x - 0.3, R, z[k])
            rows.append([belief.mean[0], belief.cov[0, 0]])
        return np.array(rows)

    found = quadrature.converged(compute, 100, tolerance=1e-10)

    def expected(q: float) -> Array:
        k = plain.kalman(
            F, q * Q, np.array([[1.5]]), R, [0.5], [[2.0]], z, b=np.array([0.1]), d=np.array([-0.3])
        )
        return np.column_stack([k.mean[:, 0], k.cov[:, 0, 0]])

    assert found == pytest.approx(expected(1.0), abs=1e-9)
    assert np.abs(found - expected(0.0)).max() > 1e-2


def test_the_quadrature_is_that_of_mpmath() -> None:
    """Adaptive, and in 30 digits: the square of a state, for one reading in eight."""
    case = CASES["square of a state"]
    readings, truth = exact("square of a state")
    with mp.workdps(30):
        m, P, R = mpf(case.mean[0]), mpf(case.cov[0][0]), mpf(case.R[0][0])

        def joint(x: Any, z: Any) -> Any:
            scale = 2 * mp.pi * mp.sqrt(P * R)
            return mp.exp(-((x - m) ** 2) / (2 * P) - (z - x * x) ** 2 / (2 * R)) / scale

        for z, row in list(zip(readings[:, 0], truth, strict=True))[::8]:
            cuts = [m + k * mp.sqrt(P) for k in range(-10, 11, 2)]
            total, first, second = (
                mp.quad(lambda x, k=k, z=z: x**k * joint(x, mpf(float(z))), cuts) for k in range(3)
            )
            mean = first / total
            assert row == pytest.approx(
                [float(mean), float(second / total - mean**2), float(total)], rel=1e-10, abs=1e-12
            )


def test_integrals_that_do_not_settle_are_refused() -> None:
    with pytest.raises(ArithmeticError, match="do not settle"):
        quadrature.converged(lambda reach, count: np.array([1.0 + 1.0 / count]), 10, tolerance=1e-6)
