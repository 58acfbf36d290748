"""A number will do for a 1 × 1 matrix or a vector of one entry, at every door; nothing larger is filled with it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight as fog

F, Q, H, R = 0.8, 0.3, 2.0, 0.5
WALK = fog.motion.random_walk("x", std=0.7)
GAUGE = fog.sensing.linear("gauge", of="x", std=0.4)
ONE = fog.Belief([1.5], std=[0.6])
Z = fog.Log.regular([1.0, 2.5, 2.0], dt=0.5)

# Each with numbers, and with the same in full.
DOORS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "Belief std": (lambda: fog.Belief(1.5, std=0.6), lambda: ONE),
    "Belief cov": (lambda: fog.Belief(1.5, cov=0.36), lambda: fog.Belief([1.5], cov=[[0.36]])),
    "Belief factor": (
        lambda: fog.Belief(1.5, factor=(1.0, 0.36)),
        lambda: fog.Belief([1.5], factor=([[1.0]], [0.36])),
    ),
    "Belief unknown": (
        lambda: fog.Belief(1.5, std=0.0, unknown=2.0),
        lambda: fog.Belief([1.5], std=[0.0], unknown=[[2.0]]),
    ),
    "Belief inf": (lambda: fog.Belief(1.5, std=np.inf), lambda: fog.Belief([1.5], cov=[[np.inf]])),
    "predict": (lambda: fog.predict(ONE, F, Q, b=0.2), lambda: fog.predict(ONE, [[F]], [[Q]], b=[0.2])),
    "update": (
        lambda: fog.update(ONE, 2.5, H, R, d=0.1)[0],
        lambda: fog.update(ONE, [2.5], [[H]], [[R]], d=[0.1])[0],
    ),
    "fuse": (
        lambda: fog.fuse(fog.Belief(1.5, std=0.6), fog.Belief(2.0, cov=0.1)).belief,
        lambda: fog.fuse(ONE, fog.Belief([2.0], cov=[[0.1]])).belief,
    ),
    "steady_state": (
        lambda: fog.steady_state(F, Q, H, R).gain.tolist(),
        lambda: fog.steady_state([[F]], [[Q]], [[H]], [[R]]).gain.tolist(),
    ),
    "linear_model": (
        lambda: fog.run(fog.linear_model(F, Q, H, R, start=ONE, b=0.2, d=0.1), Z).belief,
        lambda: fog.run(fog.linear_model([[F]], [[Q]], [[H]], [[R]], start=ONE, b=[0.2], d=[0.1]), Z).belief,
    ),
    "functions": (
        lambda: (
            fog.run(
                fog.Model(
                    fog.Motion(("x",), lambda x, dt, p: F * x.x, lambda x, dt, p: Q * dt),
                    [fog.Sensor("s", ("z",), lambda x, p: H * x.x, lambda x, p: R)],
                    ONE,
                ),
                Z,
            ).belief
        ),
        lambda: (
            fog.run(
                fog.Model(
                    fog.Motion(("x",), lambda x, dt, p: [F * x.x], lambda x, dt, p: [[Q * dt]]),
                    [fog.Sensor("s", ("z",), lambda x, p: [H * x.x], lambda x, p: [[R]])],
                    ONE,
                ),
                Z,
            ).belief
        ),
    ),
    "noise.factored": (
        lambda: fog.noise.factored(2.0, 0.5).cov.tolist(),
        lambda: fog.noise.factored([[2.0]], [0.5]).cov.tolist(),
    ),
    "noise.independent": (
        lambda: fog.noise.independent(0.5).cov.tolist(),
        lambda: fog.noise.independent([0.5]).cov.tolist(),
    ),
    "with_cross_noise": (
        lambda: fog.run(fog.with_cross_noise(fog.Model(WALK, [GAUGE], ONE), "gauge", 0.1), Z).belief,
        lambda: fog.run(fog.with_cross_noise(fog.Model(WALK, [GAUGE], ONE), "gauge", [[0.1]]), Z).belief,
    ),
    "simulate": (
        lambda: fog.simulate(fog.Model(WALK, [GAUGE], ONE), 5, 0.1, seed=2, start=3.0)[1].tolist(),
        lambda: fog.simulate(fog.Model(WALK, [GAUGE], ONE), 5, 0.1, seed=2, start=[3.0])[1].tolist(),
    ),
    "live": (
        lambda: fog.online(fog.Model(WALK, [GAUGE], ONE)).step(0.0, "gauge", 2.0)[0],
        lambda: fog.online(fog.Model(WALK, [GAUGE], ONE)).step(0.0, "gauge", [2.0])[0],
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_number_will_do_for_one_entry(door: str) -> None:
    number, full = DOORS[door]
    assert number() == full()


EYE, TWO = np.diag([1.0, 2.0]), fog.Belief([1.0, 2.0], std=[1.0, 0.5])
WIDE: dict[str, tuple[Callable[[], Any], str]] = {
    "R of a linear model": (
        lambda: fog.linear_model(EYE, EYE, EYE, 5.0, start=TWO),
        r"R has shape \(\): .*write 5 \* np.eye\(2\)",
    ),
    "R as variances": (
        lambda: fog.linear_model(EYE, EYE, EYE, [5.0, 6.0], start=TWO),
        r"R has shape \(2,\): .*write np.diag\(\[5, 6\]\)",
    ),
    "R of one component as a list": (
        lambda: fog.linear_model(EYE, EYE, [1.0, 0.0], [5.0], start=TWO),
        r"R has shape \(1,\): .*Write 5\.",
    ),
    "Q of predict": (lambda: fog.predict(TWO, EYE, 0.1), r"Q has shape \(\).*write 0.1 \* np.eye\(2\)"),
    "R of update": (
        lambda: fog.update(TWO, [1.0, 2.0], EYE, 5.0),
        r"R has shape \(\).*write 5 \* np.eye\(2\)",
    ),
    "Q of steady_state": (
        lambda: fog.steady_state(EYE / 2, 0.1, EYE, EYE),
        r"Q has shape \(\).*write 0.1 \* np.eye\(2\)",
    ),
    "cov of a belief": (
        lambda: fog.Belief([1.0, 2.0], cov=3.0),
        r"cov = 3.0, expected \(2, 2\).*write 3.0 \* np.eye\(2\)",
    ),
    "noise returned": (
        lambda: fog.Model(
            WALK, [fog.Sensor("s", ("a", "b"), lambda x, p: [x.x, x.x], lambda x, p: 5.0)], ONE
        ),
        r"s.noise returned shape \(\).*write 5 \* np.eye\(2\)",
    ),
    "std of a belief": (lambda: fog.Belief([1.0, 2.0], std=3.0), "std has 1 entries, expected 2"),
    "F": (lambda: fog.predict(TWO, 1.0, EYE), r"F has shape \(\), expected \(2, 2\)"),
    "z": (lambda: fog.update(TWO, 1.0, EYE, EYE), "z has 1 component, expected 2"),
}


@pytest.mark.parametrize("door", WIDE)
def test_nothing_larger_is_filled_and_the_line_to_write_is_shown(door: str) -> None:
    call, words = WIDE[door]
    with pytest.raises(fog.FoglightError, match=words):
        call()


TALL = fog.linear_model(EYE, EYE, EYE, EYE, start=TWO)
COLUMNS: dict[str, tuple[Callable[[], Any], str]] = {
    "mean": (lambda: fog.Belief([[1.0], [2.0]], std=[1.0, 1.0]), r"write np.ravel\(mean\)"),
    "b": (lambda: fog.predict(TWO, EYE, EYE, b=[[1.0], [2.0]]), r"write np.ravel\(b\)"),
    "z of update": (lambda: fog.update(TWO, [[1.0], [2.0]], EYE, EYE), r"write np.ravel\(z\)"),
    "z of a live filter": (lambda: fog.online(TALL).step(0.0, None, [[1.0], [2.0]]), r"write np.ravel\(z\)"),
    "z of a log": (
        lambda: fog.run(TALL, fog.Log.regular(np.ones((5, 2, 1)), dt=1.0)),
        r"write Log.regular\(z\[..., 0\], dt\)",
    ),
    "z of one component": (lambda: fog.Log.regular(np.ones((5, 1, 1)), dt=1.0), r"write z\[:, :, 0\]"),
    "z by name": (lambda: fog.Log.from_arrays([0.0, 1.0], gps=np.ones((2, 2, 1))), r"write gps\[..., 0\]"),
    "dynamics": (
        lambda: fog.Model(
            fog.Motion(("x", "y"), lambda x, dt, p: np.array([[x.x], [x.y]]), lambda x, dt, p: EYE),
            [fog.sensing.linear("s", of="x", std=1.0)],
            None,
        ),
        "Vectors are 1-D: no columns",
    ),
}


@pytest.mark.parametrize("field", COLUMNS)
def test_column_vectors_are_told_how_to_become_vectors(field: str) -> None:
    """Other libraries have vectors of shape (n, 1)."""
    call, words = COLUMNS[field]
    with pytest.raises(fog.FoglightError, match=words):
        call()


def test_one_measurement_a_row_may_be_one_dimensional() -> None:
    model = fog.linear_model([[1.0, 0.1], [0.0, 1.0]], EYE, [[1.0, 0.0]], 5.0, start=TWO)
    flat, column = (
        fog.run(model, fog.Log.regular(z, dt=0.1)) for z in ([1.0, 2.0, 4.0], [[1.0], [2.0], [4.0]])
    )
    assert flat.belief == column.belief and flat.loglik == column.loglik


def test_constant_noise_may_be_factored() -> None:
    """Q = G diag(v) Gᵀ of less than full rank, kept as it is given."""
    A, G, v = np.array([[1.0, 0.1], [0.0, 0.9]]), np.array([[0.005], [0.1]]), np.array([3.0])
    full = G * v @ G.T
    L = np.array([[0.3, 0.0], [0.2, 0.4]])
    factored = fog.noise.factored(L, [1.0, 2.0])
    model = fog.linear_model(A, fog.noise.factored(G, v), EYE, factored, start=TWO)
    np.testing.assert_array_equal(model.matrices["Q_G"], G)
    log = fog.Log.regular(np.array([[1.0, 2.0], [0.5, np.nan], [0.3, 1.0]]), dt=0.1)
    run = fog.run(model, log)
    same = fog.run(fog.linear_model(A, full, EYE, factored.cov, start=TWO), log)
    np.testing.assert_allclose(run.filtered.mean, same.filtered.mean, rtol=1e-13)
    np.testing.assert_allclose(run.filtered.cov, same.filtered.cov, rtol=1e-12)
    settled = fog.steady_state(A, fog.noise.factored(G, v), EYE, factored)
    np.testing.assert_allclose(settled.gain, fog.steady_state(A, full, EYE, factored.cov).gain, rtol=1e-12)
    np.testing.assert_allclose(settled.gain, fog.steady_state(model).gain, rtol=1e-12)
    updates = [fog.update(TWO, [1.0, 2.0], EYE, noise)[0].mean for noise in (factored, factored.cov)]
    np.testing.assert_allclose(updates[0], updates[1], rtol=1e-13)
    with pytest.raises(fog.ModelError, match=r"Q.G has shape \(3, 1\), expected \(2, 1\)"):
        fog.linear_model(A, fog.noise.factored(np.ones((3, 1)), [1.0]), EYE, EYE, start=TWO)
    with pytest.raises(fog.ModelError, match=r"R.variances\[1\] = -1"):
        fog.linear_model(A, full, EYE, fog.noise.factored(L, [1.0, -1.0]), start=TWO)


def test_a_component_that_measures_nothing_is_told_as_what_it_is() -> None:
    nothing = "it measures nothing, (without noise, )?and expected exactly"
    with pytest.raises(
        fog.NumericalError, match=rf"z\[1\] = 3, but its row of H and its R\[1,1\] are 0: {nothing} 0.5"
    ):
        fog.update(TWO, [1.0, 3.0], [[1.0, 0.0], [0.0, 0.0]], [[0.2, 0.0], [0.0, 0.0]], d=[0.0, 0.5])
    model = fog.linear_model(EYE, EYE, [[0.0, 0.0]], 0.0, start=TWO)
    with pytest.raises(fog.NumericalError, match=rf"sensor.z0 at row 1 .*{nothing} 0") as refused:
        fog.run(model, fog.Log.regular([0.0, 1.0], dt=1.0))
    assert refused.value.index == 1
    with pytest.raises(fog.NumericalError, match=rf"{nothing} 0"):
        fog.online(model, on_bad="raise").step(0.0, None, 1.0)
    agreeing, info = fog.update(TWO, [0.5], [[0.0, 0.0]], 0.0, d=0.5)
    assert agreeing == TWO and info.innovation.tolist() == [0.0]
    assert fog.run(model, fog.Log.regular([0.0, 0.0], dt=1.0)).loglik == 0.0


def test_an_exact_reading_that_contradicts_a_known_state_is_something_else() -> None:
    known = fog.Belief([1.0, 2.0], std=[0.0, 0.5])
    with pytest.raises(fog.NumericalError, match="is measured without noise, but H x") as refused:
        fog.update(known, [1.5], [[1.0, 0.0]], 0.0)
    assert "measures nothing" not in str(refused.value)
