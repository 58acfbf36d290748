"""T7: motions of mixed time constants, 1e-6 to 1e6 s, in one state, over steps from 1e-12 to 1e9 s.

Every ready-made linear motion with its process noise, as a filter meets them: through a compiled prediction,
through `predict`, through a log of mixed steps from 1 ns on; in float32 through exported C. What is measured
is F, entry by entry, and the covariance that one prediction makes out of a known state: Q, entry by entry.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from numpy.typing import NDArray

import foglight as fog
from agreement.generated_c import Compiled, need_gcc
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import make_kernel
from foglight.core.errors import Status
from foglight.equations.gaussian import Factored
from foglight.model import motion, noise
from foglight.model.model import Motion
from foglight.trace.named_vector import Vector
from oracle.diffusion import block, over_step
from oracle.matrices import exact
from oracle.metrics import within

from .compiled import unpacked

STEPS = (1e-12, 3e-9, 1e-6, 2e-4, 0.3, 1.0, 70.0, 1e4, 2e6, 1e9)
LOGGED = (1e-9, 0.25, 3e-6, 4e4, 1e-9, 7.0, 1e9, 2e-3, 1e-9, 60.0, 1e6, 5e-8)  # s, one after the other
FASTEST, SLOWEST = 1e-6, 1e6
NOTHING = 1e-60  # a correlation below this is decay that has ended

Generator = tuple[Any, Any]  # A and the density of w in x' = A x + w


def chain(n: int, density: Any) -> Generator:
    """Integrators in a row, the last driven by white noise."""
    return np.eye(n, k=1), np.diag([0.0] * (n - 1) + [1.0]) * density


def generator(kind: str, tau: float, size: float) -> Generator:
    """The differential equation of a ready-made motion on one axis, from its textbook."""
    t, s = mpf(tau), mpf(size)
    if kind in ("random_walk", "constant_velocity", "constant_acceleration"):
        return chain(("random_walk", "constant_velocity", "constant_acceleration").index(kind) + 1, s**2)
    if kind == "ornstein_uhlenbeck":
        return np.array([[-1 / t]]), np.array([[2 * s**2 / t]])
    if kind == "sway":
        A = np.array([[mpf(0), mpf(1)], [-1 / t**2, -2 / t]])
        return A, np.array([[mpf(0), mpf(0)], [mpf(0), 4 * s**2 / t**3]])
    assert kind == "singer"
    A, W = chain(3, 2 * s**2 / t)
    A = exact(A)
    A[2, 2] = -1 / t
    return A, W


MAKE: dict[str, Callable[[str, float, float], Motion]] = {
    "random_walk": lambda name, tau, size: motion.random_walk(name, std=size),
    "constant_velocity": lambda name, tau, size: motion.constant_velocity(name, accel=size),
    "constant_acceleration": lambda name, tau, size: motion.constant_acceleration(name, jerk=size),
    "ornstein_uhlenbeck": lambda name, tau, size: motion.ornstein_uhlenbeck(name, tau=tau, std=size),
    "sway": lambda name, tau, size: motion.sway(name, tau=tau, std=size),
    "singer": lambda name, tau, size: motion.singer(name, tau=tau, accel=size),
}
Parts = tuple[tuple[str, float, float], ...]
MIXED: dict[str, Parts] = {
    "singers": (("singer", FASTEST, 0.7), ("singer", SLOWEST, 1.3)),
    "sways": (("sway", FASTEST, 1.3), ("ornstein_uhlenbeck", 1e-3, 0.7), ("sway", SLOWEST, 0.9)),
    "chains": (("constant_acceleration", 1.0, 0.3), ("ornstein_uhlenbeck", FASTEST, 1.1),
               ("constant_velocity", 1.0, 0.7)),
    "all speeds": (("ornstein_uhlenbeck", FASTEST, 0.9), ("singer", 1.0, 1.1), ("sway", 1e3, 0.8),
                   ("random_walk", 1.0, 0.6)),
}  # fmt: skip


class Mixed:
    """Independent ready-made motions side by side in one state."""

    def __init__(self, parts: Parts) -> None:
        self.parts = [MAKE[kind](f"s{i}", tau, size) for i, (kind, tau, size) in enumerate(parts)]
        ends = np.cumsum([len(part.state) for part in self.parts]).tolist()
        self.places = [slice(b - len(part.state), b) for part, b in zip(self.parts, ends, strict=True)]
        self.n = ends[-1]
        self.generators = [generator(*part) for part in parts]

    def own(self, part: Motion, x: Any, place: slice) -> tuple[Vector, Vector]:
        params = Vector(tuple(part.params), list(part.params.values()), "parameter")
        return Vector(part.state, list(x)[place], "state"), params

    def dynamics(self, x: Any, dt: Any, p: Any = None) -> list[Any]:
        moved = []
        for part, place in zip(self.parts, self.places, strict=True):
            own, params = self.own(part, x, place)
            moved += list(part.dynamics(own, dt, params))
        return moved

    def noise(self, x: Any, dt: Any, p: Any = None) -> Factored:
        each = []
        for part, place in zip(self.parts, self.places, strict=True):
            own, params = self.own(part, x, place)
            each.append(part.noise(own, dt, params))
        return noise.stack(*each)

    @property
    def model(self) -> fog.Model:
        states = tuple(name for part in self.parts for name in part.state)
        sensor = fog.sensing.linear("sensor", of=states[0], std=1.0)
        start = fog.Belief(np.zeros(self.n), std=np.zeros(self.n))
        return fog.Model(Motion(states, self.dynamics, self.noise), [sensor], start)

    def exact(self, dt: Any) -> tuple[Any, Any]:
        """F and Q over dt."""
        steps = [over_step(A, W, dt) for A, W in self.generators]
        return block(*[F for F, _ in steps]), block(*[Q for _, Q in steps])


@cache
def mixed(name: str) -> Mixed:
    return Mixed(MIXED[name])


@cache
def answer(name: str, dt: float) -> tuple[Any, Any]:
    return mixed(name).exact(dt)


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mp.workdps(80):
        yield


def error_of_cov(factor: tuple[Any, Any], Q: Any, least: float) -> float:
    """The largest relative error of an entry of U D U', multiplied out exactly; entries of variance below `least`
    cannot be compared by their digits."""
    U, D = exact(factor[0]), exact(factor[1])
    P = (U * D) @ U.T
    errors = []
    for i, j in np.ndindex(P.shape):
        if Q[i, i] > least and Q[j, j] > least:
            size = mp.sqrt(Q[i, i] * Q[j, j])
            errors.append(float(abs(P[i, j] - Q[i, j]) / max(abs(Q[i, j]), NOTHING * size)))
    assert errors
    return max(errors)


def error_of_transition(found: NDArray[np.float64], F: Any, least: float) -> float:
    """The largest relative error of an entry. A diagonal entry that crosses zero, as 1 - t does, is measured by its
    row: by what a state of equal spread everywhere would make of it."""
    errors = []
    for i, j in np.ndindex(found.shape):
        size = abs(F[i, j])
        if i == j and F[i, i] < 0.5:
            size = max([size, *[mp.sqrt(abs(F[i, k] * F[k, i])) for k in range(len(F)) if k != i]])
        if size > least:
            errors.append(float(abs(mpf(float(found[i, j])) - F[i, j]) / size))
        else:
            assert abs(found[i, j]) <= least
    return max(errors, default=0.0)  # everything is forgotten


def arrays(kernel: Kernel, model: Mixed, dt: float) -> Arrays:
    """One prediction of a known state: from 0, and from every basis vector, a track each."""
    kind = np.dtype(kernel.dtype)
    carry = np.zeros((model.n + 1, kernel.carried), kind)
    carry[1:, : model.n] = np.eye(model.n)
    nothing = np.zeros((1, 1, 0), kind)
    z = np.full((model.n + 1, 1, 1), np.nan, kind)
    return Arrays(np.array([dt], kind), nothing, nothing, z, np.ones(kernel.widths["params"], kind), carry)


@cache
def engine(name: str) -> CompiledEngine:
    return CompiledEngine(make_kernel(mixed(name).model, fog.KF()), lanes=1)


@pytest.mark.parametrize("name", MIXED)
def test_a_compiled_prediction(name: str) -> None:
    model = mixed(name)
    covs, transitions = [], []
    for dt in STEPS:
        carry, _ = engine(name).run(arrays(engine(name).kernel, model, dt))
        F, Q = answer(name, dt)
        covs.append(error_of_cov(unpacked(carry[0], model.n)[1], Q, 1e-290))
        transitions.append(error_of_transition(carry[1:, : model.n].T, F, 1e-290))
    within("Q", covs, 1e-12)
    within("F", transitions, 1e-12)


@pytest.mark.parametrize("name", MIXED)
def test_predict(name: str) -> None:
    model = mixed(name)
    start = fog.Belief(np.zeros(model.n), std=np.zeros(model.n))
    covs, transitions = [], []
    for dt in STEPS:
        F = np.array([model.dynamics(column, dt) for column in np.eye(model.n)], dtype=float).T
        moved = fog.predict(start, F=F, Q=model.noise(np.zeros(model.n), dt))
        exact_F, Q = answer(name, dt)
        covs.append(error_of_cov(moved.factor, Q, 1e-290))
        transitions.append(error_of_transition(F, exact_F, 1e-290))
    within("Q", covs, 1e-12)
    within("F", transitions, 1e-12)


@pytest.mark.parametrize("name", MIXED)
def test_a_log_of_mixed_steps(name: str) -> None:
    """Predictions in turn from 1 ns to 30 years: the covariance of every row, entry by entry by its variances."""
    model = mixed(name)
    nanoseconds = np.cumsum([0, *[round(dt * 1e9) for dt in LOGGED]])
    log = fog.Log.from_arrays(
        nanoseconds.astype("timedelta64[ns]"), sensor=np.full((len(nanoseconds), 1), np.nan)
    )
    run = fog.run(model.model, log, method=fog.KF())
    U, D = run.filtered.factor
    P = exact(np.zeros((model.n, model.n)))
    errors = []
    for k, dt in enumerate(log.dt().tolist()):
        if k:
            F, Q = answer(name, dt)
            P = F @ P @ F.T + Q
            size = np.array([[mp.sqrt(a * b) for a in np.diag(P)] for b in np.diag(P)])
            found = (exact(U[k]) * exact(D[k])) @ exact(U[k]).T
            errors.append(max(float(v) for v in (abs(found - P) / size).ravel()))
    assert len(errors) == len(LOGGED)
    within("P", errors, 1e-12)


@pytest.mark.parametrize("name", MIXED)
def test_float32_in_c(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Entries of variance above 1e-30, to 1e-5; a step whose products overflow is refused whole, and says so."""
    need_gcc()
    model = mixed(name)
    kernel = make_kernel(model.model, fog.KF(), "float32")
    compiled = Compiled(kernel, tmp_path_factory.mktemp("c"), ("-O0",))
    covs, transitions, refused = [], [], []
    for dt in STEPS:
        given = arrays(kernel, model, dt)
        carry = compiled.run(given)[0].astype(float)
        status = {Status(int(bits)) for bits in carry[:, -1]}
        if status == {Status.NONFINITE}:
            assert (carry[:, :-2] == given.carry[:, :-2]).all()
            refused.append(dt)
            continue
        assert status == {Status.MISSING}
        F, Q = model.exact(float(given.dt[0]))
        covs.append(error_of_cov(unpacked(carry[0], model.n)[1], Q, 1e-30))
        transitions.append(error_of_transition(carry[1:, : model.n].T, F, 1e-30))
    assert refused == ([] if name == "sways" else [1e9])
    within("Q", covs, 1e-5)
    within("F", transitions, 1e-5)


def test_a_missing_term_is_noticed() -> None:
    """The planted defect: noise of another time constant, 1e-9 away."""
    model = mixed("singers")
    found = model.noise(np.zeros(model.n), 0.3)
    _, Q = Mixed((("singer", FASTEST * (1 + 1e-9), 0.7), ("singer", SLOWEST, 1.3))).exact(0.3)
    moved = fog.predict(fog.Belief(np.zeros(model.n), std=np.zeros(model.n)), F=np.eye(model.n), Q=found)
    with pytest.raises(AssertionError, match="used"):
        within("Q", error_of_cov(moved.factor, Q, 1e-290), 1e-12)
