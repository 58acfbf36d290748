"""The references are checked first: against each other, against closed forms, and for independence."""

import ast
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from mpmath import mp, mpf

from . import matrices, metrics, models, recursion
from .matrices import exact, floats


def exponent(text: str) -> int:
    """The k of '2**-k'."""
    return int(text.removeprefix("2**-"))


def test_nothing_here_imports_the_library() -> None:
    files = sorted(Path(__file__).parent.glob("*.py"))
    assert len(files) > 5
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if "foglight" in name], file.name


def test_metrics_see_an_error_of_one_ulp_and_undo_order_and_units() -> None:
    rng = np.random.default_rng(8)
    P = models.covariance(rng, 3)
    order, exponents = [2, 0, 1], [5, -3, 40]
    reference = metrics.Reference(exact(np.array([1.0, 2.0, 3.0])), exact(P), exact(4 * P))
    assert reference.kappa == pytest.approx(4, rel=1e-12)
    unit = 2.0 ** np.array(exponents)[order]
    moved = unit[:, None] * P[np.ix_(order, order)] * unit
    factor = unit_upper_factor(moved)
    mean = unit * np.array([1.0, 2.0, 3.0])[order]
    ex, eP = reference.errors(mean, factor, order, exponents)
    assert ex == 0.0
    assert eP < 20 * metrics.u * np.linalg.cond(P)
    worse = (factor[0], factor[1] * (1 + 1e-9))
    assert reference.errors(mean, worse, order, exponents)[1] == pytest.approx(np.sqrt(3) * 1e-9, rel=1e-3)
    mean[0] = np.nextafter(mean[0], np.inf)
    assert 0 < reference.errors(mean, factor, order, exponents)[0] < 1e-14


def unit_upper_factor(P: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P = U D U' by turning the Cholesky factor of the reversed matrix round."""
    L = np.linalg.cholesky(P[::-1, ::-1])[::-1, ::-1]
    d = np.diag(L)
    return L / d, d**2


def test_near_singular_measurement_exactly(shared_data: Path) -> None:
    items = load(shared_data)["case_A_grewal_andrews_near_singular_H"]["items"]
    assert len(items) == 5
    for item in items:
        d = 2.0 ** -exponent(item["delta"])
        H = np.array([[1, 1, 1], [1, 1, 1 + d]])
        row = recursion.filter_rows(
            np.eye(3),
            np.eye(3),
            H,
            d**2 * np.eye(2),
            np.zeros(3),
            np.eye(3),
            np.array([[3, 3 + d]]),
            digits=80,
        )[0]
        with mp.workdps(80):
            assert matrices.frobenius(row.mean - exact(item["x_post"])[:, 0]) < 1e-29
            assert matrices.frobenius(row.cov - exact(item["P_post"])) < 1e-29
            assert abs(row.loglik - mpf(item["loglik"])) < 1e-28
            assert abs(row.nis - mpf(item["nis"])) < 1e-28


def test_huge_prior_exactly(shared_data: Path) -> None:
    for item in load(shared_data)["case_C_scalar_huge_prior"]["items"]:
        one = np.eye(1)
        big = 2.0 ** item["k"]
        row = recursion.filter_rows(one, one, one, one / big, [0.0], one * big, np.ones((1, 1)), digits=150)[
            0
        ]
        with mp.workdps(150):
            assert abs(row.cov[0, 0] / mpf(item["P_post"]) - 1) < mpf("1e-29")


def test_straight_line_end_point_exactly(shared_data: Path) -> None:
    for item in load(shared_data)["case_D_constant_velocity_no_process_noise"]["items"]:
        if item["N"] > 100:
            continue
        T = float(Fraction(item["T"]))
        F = np.array([[1, T], [0, 1]])
        rows = recursion.filter_rows(
            F,
            np.zeros((2, 2)),
            np.eye(1, 2),
            np.eye(1),
            [0, 0],
            1e40 * np.eye(2),
            np.zeros((item["N"], 1)),
            digits=90,
        )
        P = floats(rows[-1].cov)
        wanted = [float(Fraction(item[k])) if "/" in str(item[k]) else float(item[k]) for k in END_POINT]
        assert [P[0, 0], P[0, 1], P[1, 1]] == pytest.approx(wanted, rel=1e-14)


END_POINT = ("var_x_end", "cov_xv_end", "var_v")


def test_steady_states_are_reached(shared_data: Path) -> None:
    case = load(shared_data)["case_E_steady_state_closed_forms"]["alpha_beta_exact"]
    F, Q, H = np.array([[1.0, 1], [0, 1]]), np.array([[0.25, 0.5], [0.5, 1]]), np.array([[1.0, 0]])
    rows = recursion.filter_rows(F, Q, H, np.eye(1), [0, 0], 3 * np.eye(2), np.zeros((60, 1)))
    assert floats(rows[-1].predicted_cov) == pytest.approx(np.array(case["P_pred"]), abs=1e-13)
    assert floats(rows[-1].cov) == pytest.approx(np.array(case["P_post"]), abs=1e-13)


def load(data: Path) -> dict:
    return json.loads((data / "numerics_exact" / "exact_cases.json").read_text())
