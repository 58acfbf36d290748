"""Gradient kernels have the same bits everywhere: interpreter, LLVM at every width, C; and are what mpmath derives."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import foglight as fog
from agreement.examples import EXAMPLES, arrays
from agreement.generated_c import FLAGS, Compiled, need_gcc
from agreement.test_same_bits import COMPILED, LANES, differing
from foglight.compiler.backends import interpreter
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import make_kernel
from foglight.compiler.kernels.gradient import GradientLayout, gradient_kernel
from foglight.inference.likelihood import Likelihood
from foglight.inference.prepare import prepare
from foglight.methods.diffuse_start import Diffuse
from oracle import dense
from oracle.models import full

TRACKS, ROWS = 19, 40
NAMES = ["plane-joseph", "turns-KF", "guarded-EKF", "elementary-EKF"]


def case(name: str) -> tuple[Kernel, Arrays]:
    """A gradient kernel, and a damaged log whose tracks go along directions of their own, from points of their own."""
    example = next(e for e in EXAMPLES if e.name == name)
    plain = make_kernel(example.model(ROWS), example.method, lowered=False)
    p = plain.widths["params"]
    kernel = gradient_kernel(plain, tuple(range(p)))
    given = arrays(example, plain, TRACKS, ROWS, calm=name == "turns-KF")
    places = GradientLayout.of(kernel, p)
    carry = np.zeros((TRACKS, kernel.carried))
    carry[:, : places.primal] = given.carry[:, : places.primal]
    rng = np.random.default_rng(4)
    carry[:, places.seeds] = rng.standard_normal((TRACKS, p))
    carry[:, places.values] = given.params * rng.uniform(0.9, 1.1, (TRACKS, p))
    return kernel, Arrays(given.dt, given.u, given.row, given.z, given.params, carry)


@pytest.mark.parametrize("name", [*NAMES[:-1], pytest.param(NAMES[-1], marks=pytest.mark.campaign)])
def test_gradients_have_the_same_bits_everywhere(name: str, tmp_path: Path) -> None:
    kernel, given = case(name)
    expected = interpreter.scan(kernel, given)
    assert (
        np.isfinite(expected[0][:, GradientLayout.of(kernel, kernel.widths["params"]).tangent]).mean() > 0.5
    )
    assert np.isnan(expected[1]).any() and not np.isnan(expected[1]).all()
    size = sum(a.nbytes for a in expected)
    for lanes, effort in COMPILED["float64"]:
        engine = CompiledEngine(kernel, lanes, effort=effort)
        assert differing(engine.run(given), expected) == (0, size), f"{lanes} lanes, effort {effort}"
    need_gcc()
    assert differing(Compiled(kernel, tmp_path, FLAGS["gcc -O3 native"]).run(given), expected) == (0, size)


def test_gradients_of_the_first_phase_have_the_same_bits(tmp_path: Path) -> None:
    model = fog.Model(
        fog.motion.constant_velocity("gap", accel=0.4), [fog.sensing.linear("radar", of="gap", std=0.8)], None
    )
    log, _ = fog.simulate(model.with_start(fog.Belief([5, 0], std=[5, 1])), 12, dt=0.1, seed=1)
    method: Any = Diffuse(fog.EKF(), 2)
    kernel = gradient_kernel(make_kernel(model, method, lowered=False), (0, 1))
    start = prepare(model, log, fog.EKF(), None)
    places, carry = GradientLayout.of(kernel, 2), np.zeros((9, kernel.carried))
    carry[:, : places.primal] = start.carry[:, : places.primal]
    rng = np.random.default_rng(4)
    carry[:, places.seeds] = rng.standard_normal((9, 2))
    carry[:, places.values] = start.params * rng.uniform(0.9, 1.1, (9, 2))
    given = Arrays(start.dt, start.u, start.row, start.z, start.params, carry)
    expected = interpreter.scan(kernel, given)
    size = sum(a.nbytes for a in expected)
    for lanes in LANES:
        assert differing(CompiledEngine(kernel, lanes, effort=0).run(given), expected) == (0, size)
    need_gcc()
    assert differing(Compiled(kernel, tmp_path, FLAGS["gcc -O2"]).run(given), expected) == (0, size)


def scaled(seed: int, missing: float = 0.2) -> tuple[fog.Model, fog.Log, Any]:
    """A full random linear model whose F, Q and R hang on a parameter each; and its log-likelihood in 50 digits."""
    m = full(seed, 3, 2, 6, missing=missing)

    def dynamics(x: Any, dt: Any, p: Any) -> Any:
        return m.F @ x * p.decay + m.b

    motion = fog.Motion(
        ("a", "b", "c"), dynamics, lambda x, dt, p: p.spread**2 * m.Q, {"decay": 0.9, "spread": 1.3}
    )
    sensor = fog.Sensor(
        "eye", ("u", "v"), lambda x, p: m.H @ x + m.d, lambda x, p: p.noise**2 * m.R, {"noise": 0.7}
    )
    model = fog.Model(motion, [sensor], fog.Belief(m.mean, cov=m.cov))

    def loglik(decay: Any, spread: Any, noise: Any) -> Any:
        scaled = [dense.exact(a) for a in (m.F, m.Q, m.R)]
        F, Q, R = (a * k for a, k in zip(scaled, (decay, spread**2, noise**2), strict=True))
        return dense.condition(F, Q, m.H, R, m.mean, m.cov, m.z, b=m.b, d=m.d, digits=50).loglik

    return model, fog.Log.regular(m.z, dt=1.0), loglik


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("method", [fog.KF(), fog.KF(form="joseph"), fog.CKF()], ids=repr)
def test_the_gradient_is_what_mpmath_derives(seed: int, method: Any) -> None:
    """The whole trajectory conditioned at once in 50 digits, and differentiated there: 1e-8 relative, and better."""
    model, log, loglik = scaled(seed)
    values = (0.9, 1.3, 0.7)
    with mp.workdps(50):
        at, h = [mpf(v) for v in values], mpf(10) ** -15
        true = []
        for i in range(3):
            above, below = (
                loglik(*[v + (sign * h if i == j else 0) for j, v in enumerate(at)]) for sign in (1, -1)
            )
            true.append(float((above - below) / (2 * h)))
        height = float(loglik(*at))
    found = Likelihood(model, log, method).at(values)
    assert found.loglik == pytest.approx(height, rel=1e-12)
    assert found.gradient == pytest.approx(true, rel=1e-10)


def test_a_tangent_that_is_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from foglight.trace import forward_mode

    dropped = dict(forward_mode._GUARDED) | {"div": lambda z, a, b: (lambda: 1.0 / b, lambda: 0.0)}
    monkeypatch.setattr(forward_mode, "_GUARDED", dropped)
    with pytest.raises(AssertionError):
        test_the_gradient_is_what_mpmath_derives(1, fog.KF())
