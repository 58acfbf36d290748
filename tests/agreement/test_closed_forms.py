"""Answers known in closed form: steady states, a nearly singular measurement, a straight line, a huge prior."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from oracle.matrices import exact
from oracle.metrics import Reference, u


def exact_cases(data: Path) -> dict[str, Any]:
    return json.loads((data / "numerics_exact" / "exact_cases.json").read_text())


def number(value: Any) -> float:
    """A JSON number, a decimal text, or a fraction such as "1/10"."""
    return float(Fraction(str(value)))


def settle(F: Any, Q: Any, H: Any, R: Any, rows: int = 200) -> Any:
    """A run long enough to stand still, from a start of the size of Q."""
    n, m = np.shape(F)[0], np.shape(H)[0]
    model = fog.linear_model(F, Q, H, R, start=fog.Belief(np.zeros(n), std=np.ones(n)))
    return fog.run(model, fog.Log.regular(np.zeros((rows, m)), dt=1.0), method=fog.KF())


def test_alpha_beta_filter(shared_data: Path) -> None:
    case = exact_cases(shared_data)["case_E_steady_state_closed_forms"]["alpha_beta_exact"]
    F, Q = [[1, 1], [0, 1]], [[0.25, 0.5], [0.5, 1]]
    steady = fog.steady_state(F, Q, [[1, 0]], [[1]])
    assert steady.gain[:, 0] == pytest.approx(case["K"], abs=1e-12)
    assert steady.predicted_cov == pytest.approx(np.array(case["P_pred"]), abs=1e-12)
    assert steady.filtered_cov == pytest.approx(np.array(case["P_post"]), abs=1e-12)
    run = settle(F, Q, [[1, 0]], [[1]])
    assert run.predicted.cov[-1] == pytest.approx(np.array(case["P_pred"]), abs=1e-12)
    assert run.filtered.cov[-1] == pytest.approx(np.array(case["P_post"]), abs=1e-12)


def test_golden_ratio() -> None:
    golden = (1 + 5**0.5) / 2
    steady = fog.steady_state([[1]], [[1]], [[1]], [[1]])
    assert steady.predicted_cov[0, 0] == pytest.approx(golden, rel=1e-14)
    assert steady.gain[0, 0] == pytest.approx(golden - 1, rel=1e-14)
    run = settle([[1]], [[1]], [[1]], [[1]])
    assert run.filtered.cov[-1, 0, 0] == pytest.approx(golden - 1, rel=1e-14)


@pytest.mark.parametrize("q, entry", [(2.3, "innovation_gain_M_for_Q_2.3"), (1.0, "M_for_Q_1")])
def test_mathworks_example(q: float, entry: str, shared_data: Path) -> None:
    case = exact_cases(shared_data)["case_E_steady_state_closed_forms"]["matlab_kalman_doc"]
    push = np.array(case["B_noise_input"])
    Q, H, R = q * np.outer(push, push), np.array([case["C"]]), np.array([[case["R"]]])
    steady = fog.steady_state(case["A"], Q, H, R)
    assert steady.gain[:, 0] == pytest.approx(np.array(case[entry]), abs=6e-9)
    run = settle(case["A"], Q, H, R)
    assert run.predicted.cov[-1] == pytest.approx(steady.predicted_cov, rel=1e-12)
    assert run.filtered.cov[-1] == pytest.approx(steady.filtered_cov, rel=1e-12)


def test_octave_riccati(shared_data: Path) -> None:
    case = json.loads((shared_data / "test_vectors" / "vectors.json").read_text())["dare_octave"]
    F, H = np.array(case["a"]).T, np.array(case["b"]).T
    steady = fog.steady_state(F, case["q"], H, [[case["r"]]])
    assert steady.predicted_cov == pytest.approx(np.array(case["X"]), rel=1e-12)
    assert (F @ steady.gain).T == pytest.approx(np.array(case["gain"]), rel=1e-12)


def test_near_singular_measurement(shared_data: Path) -> None:
    """Grewal and Andrews: mean, covariance, gain, NIS and log-likelihood against rational arithmetic."""
    for item in exact_cases(shared_data)["case_A_grewal_andrews_near_singular_H"]["items"]:
        delta = 2.0 ** int(item["delta"].removeprefix("2**"))
        H = np.array([[1, 1, 1], [1, 1, 1 + delta]])
        z = np.array([3, 3 + delta])
        belief, info = fog.update(fog.Belief(np.zeros(3), cov=np.eye(3)), z=z, H=H, R=delta**2 * np.eye(2))
        reference = Reference(exact(item["x_post"])[:, 0], exact(item["P_post"]), exact(np.eye(3)))
        ex, eP = reference.errors(belief.mean, belief.factor)
        assert eP <= reference.bar
        assert ex <= 100 * u / delta**2
        assert np.array(belief.mean) == pytest.approx(
            np.array(item["x_post"], float)[:, 0], abs=100 * u / delta
        )
        gain = np.array(item["K"], float)
        assert np.abs(info.gain - gain).max() <= 100 * u / delta * np.abs(gain).max()
        assert info.nis == pytest.approx(float(item["nis"]), rel=100 * u / delta)
        assert info.loglik == pytest.approx(float(item["loglik"]), abs=100 * u / delta)


def test_huge_prior(shared_data: Path) -> None:
    for item in exact_cases(shared_data)["case_C_scalar_huge_prior"]["items"]:
        big = 2.0 ** item["k"]
        belief, info = fog.update(fog.Belief([0.0], cov=[[big]]), z=[1.0], H=[[1.0]], R=[[1 / big]])
        assert belief.cov[0, 0] == pytest.approx(number(item["P_post"]), rel=4 * u)
        assert belief.factor[1][0] == pytest.approx(number(item["P_post"]), rel=4 * u)
        assert 0 < belief.mean[0] <= 1
        assert info.gain[0, 0] == pytest.approx(1, abs=2 * number(item["one_minus_K"]) + u)


def test_end_point_of_a_straight_line(shared_data: Path) -> None:
    """Constant velocity without process noise is least squares; up to a million rows, no digit of it drifts away."""
    seen = 0
    for item in exact_cases(shared_data)["case_D_constant_velocity_no_process_noise"]["items"]:
        rows, T = int(item["N"]), number(item["T"])
        model = fog.linear_model(
            [[1, T], [0, 1]],
            np.zeros((2, 2)),
            [[1, 0]],
            [[1]],
            start=fog.Belief([0, 0], cov=1e16 * np.eye(2)),
        )
        run = fog.run(model, fog.Log.regular(np.zeros((rows, 1)), dt=T), method=fog.KF())
        U, D = (part[-1] for part in run.filtered.factor)
        P = (U * D) @ U.T
        wanted = [number(item[key]) for key in ("var_x_end", "cov_xv_end", "var_v")]
        assert [P[0, 0], P[0, 1], P[1, 1]] == pytest.approx(wanted, rel=1e-12 if rows <= 1000 else 1e-8)
        seen += 1
    assert seen == 8
