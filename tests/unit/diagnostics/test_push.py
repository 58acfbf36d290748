"""A Gaussian through a curved function: true moments against closed forms, each filter's against its equations."""

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.diagnostics.compare.pushed_function import PlainCurve
from foglight.trace.named_vector import Vector
from unit.gaussians import gaussian

POLAR = fog.Belief([1.0, np.pi / 2.0], std=[0.02, np.radians(15.0)], names=("range", "bearing"))


def to_plane(x: Any) -> Any:
    return [x.range * np.cos(x.bearing), x.range * np.sin(x.bearing)]


def test_polar_to_cartesian_is_exact() -> None:
    """E cos, E sin of a Gaussian angle in closed form (Lerro and Bar-Shalom 1993), and the published digits."""
    pushed = fog.push(POLAR, to_plane)
    half, full = np.exp(-0.5 * np.radians(15.0) ** 2), np.exp(-2.0 * np.radians(15.0) ** 2)
    square = 1.0 + 0.02**2
    var_x, var_y = square * (1.0 - full) / 2.0, square * (1.0 + full) / 2.0 - half**2
    np.testing.assert_allclose(pushed.true.mean, [0.0, half], atol=1e-14)
    np.testing.assert_allclose(pushed.true.cov, np.diag([var_x, var_y]), atol=1e-14)
    np.testing.assert_allclose(
        [pushed.true.mean[1], var_x, var_y], [0.96631109, 0.06407444, 0.00256844], atol=5e-9
    )
    assert pushed.accuracy < 1e-10


def test_the_recorded_case(shared_data: Path) -> None:
    exact = json.loads((shared_data / "numerics_exact" / "exact_cases.json").read_text())
    case = exact["case_H_polar_to_cartesian"]["exact"]
    pushed = fog.push(POLAR, to_plane)
    np.testing.assert_allclose(pushed.true.mean, case["mean"], atol=1e-14)
    np.testing.assert_allclose(pushed.true.cov, np.diag([case["var_x"], case["var_y"]]), atol=1e-14)
    ekf = pushed.methods["EKF()"]
    np.testing.assert_allclose(ekf.mean, case["linearised(EKF)_mean"], atol=1e-15)
    np.testing.assert_allclose(np.diag(ekf.cov), case["linearised_var"], rtol=1e-14)


def test_the_moments_that_each_filter_assumes() -> None:
    pushed = fog.push(POLAR, to_plane)
    assert list(pushed.methods) == ["EKF()", "UKF()", "CKF()"]
    ekf, ckf = pushed.methods["EKF()"], pushed.methods["CKF()"]
    np.testing.assert_allclose(ekf.mean, [0.0, 1.0], atol=1e-15)
    np.testing.assert_allclose(ekf.cov, np.diag([np.radians(15.0) ** 2, 0.0004]), atol=1e-15)
    points = [
        to_plane(Vector(POLAR.names, POLAR.mean + sign * np.sqrt(2.0) * column))
        for column in np.diag(POLAR.std)
        for sign in (1.0, -1.0)
    ]
    np.testing.assert_allclose(ckf.mean, np.mean(points, axis=0), atol=1e-14)
    np.testing.assert_allclose(ckf.cov, np.cov(np.transpose(points), bias=True), atol=1e-14)
    true = pushed.true
    assert ekf.mean_error[1] == pytest.approx((1.0 - true.mean[1]) / true.std[1])
    assert ekf.std_ratio[1] == pytest.approx(0.02 / true.std[1])
    assert ekf.worst == pytest.approx(ekf.mean_error[1])
    assert repr(pushed).splitlines()[0].startswith(("UKF() is nearest", "CKF() is nearest"))


@pytest.mark.parametrize("n, m", [(1, 2), (2, 3), (3, 2)])
@pytest.mark.parametrize("opaque", [False, True])
def test_moments_of_a_square_in_closed_form(n: int, m: int, opaque: bool) -> None:
    """y = A x + ½ xᵀ B x: mean A m + ½ mᵀ B m + ½ tr B P, cov J P Jᵀ + ½ tr B_i P B_j P, J at the mean."""
    rng = np.random.default_rng(10 * n + m)
    mean, U, D = gaussian(rng, n)
    P = (U * D) @ U.T
    A, B = rng.normal(size=(m, n)), rng.normal(size=(m, n, n))
    B = B + B.transpose(0, 2, 1)

    def f(x: Any) -> Any:
        return [A[i] @ x + 0.5 * (np.array(x) @ B[i] @ np.array(x)) for i in range(m)]

    pushed = fog.push(fog.Belief(mean, factor=(U, D)), fog.opaque(f) if opaque else f)
    J = A + B @ mean
    expected = A @ mean + 0.5 * mean @ B @ mean + 0.5 * np.trace(B @ P, axis1=1, axis2=2)
    cov = J @ P @ J.T + 0.5 * np.einsum("iab,bc,jcd,da->ij", B, P, B, P)
    scale = np.sqrt(np.diag(cov))
    np.testing.assert_allclose(pushed.true.mean, expected, atol=1e-10 * scale.max())
    np.testing.assert_allclose(
        pushed.true.cov / np.outer(scale, scale), cov / np.outer(scale, scale), atol=1e-9
    )
    straight = pushed.methods["EKF()"].cov
    np.testing.assert_allclose(straight, J @ P @ J.T, atol=(1e-5 if opaque else 1e-12) * scale.max() ** 2)
    np.testing.assert_allclose(pushed.methods["UKF()"].mean, expected, atol=1e-9 * scale.max())


def test_the_quadrature_converges_at_a_kink_too() -> None:
    """E |x| = √(2/π), and var = 1 - 2/π."""
    pushed = fog.push(fog.Belief([0.0], std=[1.0]), lambda x: abs(x[0]))
    assert pushed.true.mean[0] == pytest.approx(np.sqrt(2.0 / np.pi), abs=1e-8)
    assert pushed.true.cov[0, 0] == pytest.approx(1.0 - 2.0 / np.pi, abs=1e-8)


def test_angles_are_wrapped() -> None:
    """A bearing across ±π, traced and opaque: its mean is near π, not near 0."""
    behind = fog.Belief([-1.0, 0.0], std=[0.05, 0.1])

    def polar(x: Any) -> Any:
        return [np.hypot(x[0], x[1]), np.arctan2(x[1], x[0])]

    traced, called = fog.push(behind, polar, angles=[1]), fog.push(behind, fog.opaque(polar), angles=[1])
    turned = fog.push(
        fog.Belief([1.0, 0.0], std=[0.05, 0.1]), polar, angles=[1]
    )  # the same, turned by half a turn
    for pushed in (traced, called):
        assert abs(pushed.true.mean[1]) == pytest.approx(np.pi, abs=1e-9)
        np.testing.assert_allclose(pushed.true.cov, turned.true.cov, atol=1e-9)
        for name, moments in pushed.methods.items():
            np.testing.assert_allclose(moments.std, turned.methods[name].std, rtol=1e-6)
    assert traced.true.std[1] < 0.3 < fog.push(behind, polar).true.std[1]  # undeclared, it jumps at ±π


def test_linear_functions_are_exact_for_every_method() -> None:
    rng = np.random.default_rng(3)
    mean, U, D = gaussian(rng, 3)
    A = rng.normal(size=(2, 3))
    pushed = fog.push(fog.Belief(mean, factor=(U, D)), lambda x: A @ x)
    for moments in (pushed.true, *pushed.methods.values()):
        np.testing.assert_allclose(moments.mean, A @ mean, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(moments.cov, A @ ((U * D) @ U.T) @ A.T, rtol=1e-9)


def test_samples_are_of_the_gaussian_and_repeatable() -> None:
    rng = np.random.default_rng(4)
    mean, U, D = gaussian(rng, 2)
    pushed = fog.push(fog.Belief(mean, factor=(U, D)), lambda x: [np.sin(x[0])])
    x, y = pushed.samples(20_000, seed=7)
    white = np.linalg.solve(U, (x - mean).T) / np.sqrt(D)[:, None]
    np.testing.assert_allclose(np.cov(white), np.eye(2), atol=0.04)
    np.testing.assert_allclose(y[:, 0], np.sin(x[:, 0]), atol=1e-15)
    np.testing.assert_array_equal(pushed.samples(5, seed=7)[0], x[:5])


def test_it_is_a_table() -> None:
    columns = fog.push(POLAR, to_plane, [fog.EKF(), fog.UKF(alpha=0.5)]).columns()
    assert columns["method"].tolist() == [
        "true",
        "true",
        "EKF()",
        "EKF()",
        "UKF(alpha=0.5)",
        "UKF(alpha=0.5)",
    ]
    assert columns["value"].tolist() == [0, 1] * 3
    assert fog.push(POLAR, to_plane).to_frame("polars").shape == (8, 6)


@pytest.mark.parametrize(
    "belief, f, options, error, says",
    [
        ("x", np.sin, {}, fog.ModelError, "belief = 'x': expected a fog.Belief"),
        (
            fog.Belief([1.0, 2.0], std=[np.inf, 1.0]),
            np.sin,
            {},
            fog.ModelError,
            "belief has states of which nothing is known: expected finite",
        ),
        (
            fog.Belief(np.ones(4), std=np.ones(4)),
            np.sin,
            {},
            fog.ModelError,
            "4 states: quadrature takes at most 3",
        ),
        (POLAR, 3.0, {}, fog.ModelError, "f = 3.0: expected a function"),
        (POLAR, lambda x: None, {}, fog.ModelError, "f returned None"),
        (
            POLAR,
            lambda x: np.ones((2, 2)),
            {},
            fog.ModelError,
            r"f returned shape \(2, 2\): expected a vector",
        ),
        (POLAR, lambda x: ["a"], {}, fog.ModelError, "f returned text values"),
        (
            POLAR,
            lambda x: [x.rnge],
            {},
            fog.ModelError,
            "there is no state 'rnge'. There are: range, bearing",
        ),
        (POLAR, lambda x: [1.0 if x.range > 0 else 0.0], {}, fog.ModelError, "np.where"),
        (
            POLAR,
            fog.opaque(lambda x: [x.range, {}["a"]]),
            {},
            fog.ModelError,
            "f raised KeyError.*called with",
        ),
        (
            POLAR,
            to_plane,
            {"angles": [2]},
            fog.ModelError,
            r"angles\[0\] = 2: expected an index of the 2 values of f, counted from 0",
        ),
        (POLAR, to_plane, {"methods": ["UKF"]}, fog.ModelError, r"methods\[0\] = 'UKF': expected fog.KF"),
        (
            fog.Belief([1.0], std=[1.0]),
            np.sqrt,
            {},
            fog.NumericalError,
            r"f\(x0 = -7.5\) = \[nan\]: expected finite",
        ),
    ],
)
def test_what_is_refused(belief: Any, f: Any, options: Any, error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        fog.push(belief, f, **options)


def test_an_opaque_curve_agrees_with_the_traced_one() -> None:
    rng = np.random.default_rng(8)
    x, stds = rng.normal(size=3), np.full(3, 0.2)

    def f(v: Any) -> Any:
        return [np.sin(v[0]) * v[1], np.exp(0.3 * v[2]) + v[0] ** 2]

    traced = PlainCurve(f, ("a", "b", "c"), x, stds)
    called = PlainCurve(fog.opaque(f), ("a", "b", "c"), x, stds)
    columns = rng.normal(size=(3, 4)) * 0.1
    for one, other in zip(traced.spread(x, columns), called.spread(x, columns), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-13)
    np.testing.assert_allclose(traced.linearise(x)[1], called.linearise(x)[1], rtol=1e-8)
    points = rng.normal(size=(6, 3))
    np.testing.assert_allclose(traced.values(points), called.values(points), rtol=1e-14)


def test_the_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    root = Path(__file__).parents[3]
    runpy.run_path(str(root / "examples" / "curved" / "how_curved.py"))
    page = (root / "docs" / "how-to" / "compare.md").read_text()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    for line in lines:
        assert f"    {line}\n" in page


def test_of_equally_near_methods_the_first_is_named() -> None:
    """A product: all methods have the same moments, up to rounding, in any unit."""
    for unit in (1e-9, 1.0, 1e9):
        near = fog.Belief([unit, 2.0 * unit], std=[0.1 * unit, 0.2 * unit])
        product = fog.push(near, lambda x, unit=unit: [x.x0 * x.x1 / unit])
        assert product.finding.startswith("EKF() is nearest to the truth.")


def test_a_quadrature_that_has_not_converged_says_so() -> None:
    rough = fog.push(fog.Belief([0.0] * 3, std=[1.0] * 3), lambda x: [np.sin(300.0 * x.x0 * x.x1) + x.x2**2])
    assert rough.accuracy > 1e-3 and rough.finding.endswith(
        f" The truth is known only to {rough.accuracy:.1g}."
    )
    assert "only" not in fog.push(POLAR, to_plane).finding


def test_long_names_keep_the_columns_aligned_and_the_count_of_samples_is_checked() -> None:
    pushed = fog.push(POLAR, to_plane, [fog.EKF(iterations=3), fog.UKF(alpha=0.5, beta=2.5)])
    _, *lines = str(pushed).splitlines()
    assert len({len(line) for line in lines}) == 1
    with pytest.raises(fog.ModelError, match="count = -5: expected a whole number from 1"):
        pushed.samples(-5)
