"""A noise that is not a covariance away from the start: refused in that row by every form, method and door."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.generated_c import Compiled
from foglight.compiler.kernels.filter import make_kernel
from foglight.compiler.noise_checks import asymmetric, negative
from foglight.equations.gaussian import Factored
from foglight.inference.prepare import prepare
from foglight.trace.graph import Graph

START = fog.Belief([0.0], std=[1.0])
METHODS = [
    fog.EKF(), fog.EKF(form="joseph"), fog.EKF(form="textbook"), fog.EKF(iterations=3), fog.EKF(gate=0.999),
    fog.EKF(huber=2.0), fog.EKF(iterations=2, joint=True), fog.UKF(), fog.CKF(),
]  # fmt: skip
READINGS = np.random.default_rng(0).normal(size=(8, 2)) + 2.0
LOG = fog.Log.regular(READINGS, dt=0.1)
Function = Callable[..., Any]


def upper(x: Any, p: Any) -> Any:
    """A slip: the other triangle is forgotten. It is 0 at the start."""
    return [[1.0, 0.5 * np.tanh(x.a)], [0.0, 1.0]]


def lower(x: Any, p: Any) -> Any:
    return [[1.0, 0.0], [0.5 * np.tanh(x.a), 1.0]]


def both(x: Any, p: Any) -> Any:
    return [[1.0, 0.5 * np.tanh(x.a)], [0.5 * np.tanh(x.a), 1.0]]


def not_finite(x: Any, p: Any) -> Any:
    """NaN beyond 0.7, in the triangle that a factorisation in this order does not read."""
    return [[1.0, np.where(x.a < 0.7, 0.0, np.nan)], [0.0, 1.0]]


def negative_variance(x: Any, p: Any) -> Any:
    return [[1.0, 0.0], [0.0, 0.5 - x.a**2]]


def indefinite(x: Any, p: Any) -> Any:
    return [[1.0, 2.0 * x.a], [2.0 * x.a, 1.0]]


def covariance_of_nothing(x: Any, p: Any) -> Any:
    """A variance of 0 has no covariance, but the pivots are 0 and 1."""
    return [[0.0, 0.5 * x.a], [0.5 * x.a, 1.0]]


def negative_factor(x: Any, p: Any) -> Any:
    """The diagonal of the full matrix stays positive."""
    return fog.noise.factored([[1.0, 0.5], [0.0, 1.0], [0.3, 0.2]][:2], [1.0, 0.3 - 0.5 * x.a**2])


WRONG: list[tuple[Function, str]] = [
    (upper, r"s\.noise\[0,1\] = 0\.37\d* but s\.noise\[1,0\] = 0: a covariance is symmetric"),
    (lower, r"s\.noise\[0,1\] = 0 but s\.noise\[1,0\] = 0\.37\d*: a covariance is symmetric"),
    (negative_variance, r"s\.noise\[1,1\] = -0\.4\d*: a variance must be >= 0"),
    (indefinite, r"s\.noise\[1,1\] makes s\.noise indefinite"),
    (
        covariance_of_nothing,
        r"s\.noise\[0,1\] = .* but s\.noise\[0,0\] = 0: a zero variance allows no covariance",
    ),
    (negative_factor, r"s\.noise\.variances\[1\] = -0\.\d*: a variance must be >= 0"),
]
IDS = [function.__name__ for function, _ in WRONG]


def model(noise: Function, opaque: bool = False, **changes: Any) -> fog.Model:
    walk = fog.Motion(("a",), lambda x, dt, p: [x.a], lambda x, dt, p: [[0.1 * dt]])
    sensor = fog.Sensor(
        "s", ("u", "v"), lambda x, p: [x.a, 2.0 * x.a], fog.opaque(noise) if opaque else noise
    )
    return fog.Model(walk, [sensor], **{"start": START, "verify": False} | changes)


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("method", METHODS, ids=repr)
@pytest.mark.parametrize("noise, words", WRONG, ids=IDS)
def test_it_is_refused_by_every_method_and_form(
    noise: Function, words: str, method: Any, opaque: bool
) -> None:
    wrong = model(noise, opaque)
    with pytest.raises(
        fog.NumericalError, match=r"at row [1-7] \(t = .* called with a = .*" + words
    ) as caught:
        fog.run(wrong, LOG, method)
    assert str(caught.value.field).startswith("s.noise")
    run = fog.run(wrong, LOG, method, on_bad="flag")
    row = caught.value.index[0]  # type: ignore[index]
    status = fog.Status(int(run.status[row]))
    assert fog.Status.INDEFINITE in status and fog.Status.USED not in status
    # The row is as if its reading had been missing: nothing of it is taken.
    silent = READINGS[: row + 1].copy()
    silent[row] = np.nan
    missing = fog.run(wrong, fog.Log.regular(silent, dt=0.1), method)
    np.testing.assert_array_equal(run.filtered.mean[: row + 1], missing.filtered.mean)


@pytest.mark.parametrize("noise, words", WRONG, ids=IDS)
def test_it_is_refused_live(noise: Function, words: str) -> None:
    with pytest.raises(fog.NumericalError, match=words):
        live = fog.online(model(noise), on_bad="raise", start_time=0.0)
        for k, z in enumerate(READINGS):
            before = live.belief
            live.step(0.1 * k, "s", z)
    assert live.belief.mean == before.mean and live.belief.std == before.std
    flagging = fog.online(model(noise), start_time=0.0)
    found = [flagging.step(0.1 * k, "s", z)[1].status for k, z in enumerate(READINGS)]
    expected = fog.run(model(noise), LOG, on_bad="flag").status
    assert [int(status) for status in found] == expected.tolist()


def test_a_value_that_is_not_finite_in_the_triangle_that_is_not_read() -> None:
    for noise in (not_finite, lambda x, p: np.transpose(not_finite(x, p))):
        for opaque in (False, True):
            for method in METHODS:
                with pytest.raises(
                    fog.NumericalError, match=r"s\.noise\[[01],[01]\] = nan: expected a finite number"
                ):
                    fog.run(model(noise, opaque), LOG, method)


def test_with_an_unknown_start_and_in_the_prediction_of_readings() -> None:
    with pytest.raises(fog.NumericalError, match="a covariance is symmetric"):
        fog.run(model(upper, start=None), LOG)
    with pytest.raises(fog.FoglightError, match="a noise that is a covariance"):
        fog.simulate(model(upper), 50, 0.1, seed=1)
    accepted = fog.run(model(upper), LOG[:1])  # at the start it is symmetric
    assert np.isfinite(accepted.loglik)


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(), fog.EKF(form="joseph")], ids=repr)
def test_generated_c_flags_the_same_rows(method: Any, tmp_path: Any) -> None:
    wrong = model(upper)
    kernel = make_kernel(wrong, method)
    _, records = Compiled(kernel, tmp_path, ("-O1",)).run(prepare(wrong, LOG, method, None))
    run = fog.run(wrong, LOG, method, on_bad="flag")
    assert records.tobytes() == run._kept.tobytes()
    assert fog.Status.INDEFINITE in fog.Status(int(records[0, 1, kernel.status]))


def test_only_what_is_used_counts() -> None:
    """An asymmetric pair of which one component is missing is no pair: the same result as that of one component."""
    half = READINGS.copy()
    half[:, 1] = np.nan
    for method in (fog.EKF(), fog.EKF(form="joseph"), fog.UKF()):
        runs = [fog.run(model(noise), fog.Log.regular(half, dt=0.1), method) for noise in (upper, both)]
        np.testing.assert_array_equal(runs[0].filtered.mean, runs[1].filtered.mean)


def process(Q: Function, **options: Any) -> fog.Model:
    still = fog.Motion(("a", "b"), lambda x, dt, p: [x.a, x.b], Q, params={"q": 0.2})
    sensor = fog.Sensor("s", ("u", "v"), lambda x, p: [x.a, x.b], lambda x, p: [[0.5, 0.1], [0.1, 0.3]])
    return fog.Model(still, [sensor], fog.Belief([0.0, 0.0], std=[1.0, 1.0]), **options)


PROCESSES: list[tuple[str, Function]] = [
    ("state", lambda x, dt, p: [[dt, 0.5 * np.tanh(x.a) * dt], [0.0, dt]]),
    ("step", lambda x, dt, p: [[dt, 0.3 * (dt - 1.0)], [0.0, dt]]),
    ("parameter", lambda x, dt, p: [[dt, p.q * dt], [0.21 * dt, dt]]),
]


@pytest.mark.parametrize("name, Q", PROCESSES, ids=[name for name, _ in PROCESSES])
def test_process_noise(name: str, Q: Function) -> None:
    if name == "parameter":  # wrong at the start, too, so that only another value of q lets it be made
        with pytest.raises(fog.ModelError, match=r"motion\.noise\[0,1\]"):
            process(Q, verify=False)
        return
    wrong = process(Q, verify=False)
    for method in (*METHODS, *([fog.KF(), fog.KF(form="joseph")] if name == "step" else [])):
        with pytest.raises(fog.NumericalError, match=r"motion\.noise\[0,1\] = .*a covariance is symmetric"):
            fog.run(wrong, LOG, method)
    if name == "step":
        assert np.isfinite(fog.run(wrong, fog.Log.regular(READINGS, dt=1.0), fog.KF()).loglik)
        assert np.isfinite(fog.steady_state(wrong, dt=1.0).gain).all()
        with pytest.raises(fog.ModelError, match=r"Q\[0,1\] = .*a covariance is symmetric"):
            fog.steady_state(wrong, dt=0.1)
        with pytest.raises(fog.NumericalError, match="a covariance is symmetric"):
            fog.online(wrong, start_time=0.0).predict(0.5)


def test_what_is_proved_costs_nothing() -> None:
    """Symmetric by the rules of algebra, in another order of terms: no operation is added to the step."""

    def other_order(x: Any, p: Any) -> Any:
        return [[1.0, 0.5 * np.tanh(x.a)], [np.tanh(x.a) / 2.0, 1.0]]  # fmt: skip

    def not_proved(x: Any, p: Any) -> Any:
        return [[1.0, 0.5 * np.tanh(x.a)], [0.5 * np.sin(x.a) / np.cos(x.a), 1.0]]

    sizes = {f.__name__: make_kernel(model(f), fog.EKF()).size for f in (both, other_order, not_proved)}
    assert sizes["both"] == sizes["other_order"] < sizes["not_proved"]
    runs = [fog.run(model(f, verify=True), LOG).loglik for f in (both, other_order)]
    assert runs[0] == pytest.approx(runs[1], rel=1e-14)


def test_the_condition_itself() -> None:
    A = np.array([[4.0, 1.0, 0.5], [1.0, 9.0, 0.3], [0.5, 0.3, 1.0]])
    assert not asymmetric(A)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        for by, found in ((3e-11, False), (3e-10, True), (np.nan, True)):
            wrong = A.copy()
            wrong[j, i] += by * np.sqrt(A[i, i] * A[j, j])
            assert bool(asymmetric(wrong)) is found and bool(asymmetric(wrong.T)) is found
            used = [k not in (i, j) for k in range(3)]
            assert not asymmetric(wrong, used)
    graph = Graph()
    a, b = graph.input("a"), graph.input("b")
    same = np.array([[a, a * b + b], [b * (a + 1.0), b]])
    assert asymmetric(same) is False
    assert asymmetric(np.array([[a, a * b], [b, b]])) is not False


def test_a_negative_variance_that_the_diagonal_does_not_show() -> None:
    mixed = np.array([[1.0, 0.5], [0.0, 1.0]])
    assert negative(Factored(mixed, np.array([2.0, -0.1])))
    assert not negative(Factored(mixed, np.array([2.0, 0.0])))
    # A variance that alone makes up an entry of the diagonal is seen there.
    assert not negative(Factored(np.eye(2), np.array([2.0, -0.1])))
