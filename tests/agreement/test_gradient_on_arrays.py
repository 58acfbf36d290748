"""The likelihood's gradient on whole arrays: the same bits everywhere, and what scalars, mpmath and differences say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement import test_gradient_bits
from agreement.array_cases import GUARDS, Case, correlated, of_unknown_start, scaled, sensors
from agreement.array_cases import arrays as arrays_of
from agreement.generated_c import Compiled, need_gcc
from agreement.test_same_bits import differing
from foglight.compiler.backends import interpreter
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.compiler.engine import cache, gradient_engine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.kernels.gradient import GradientLayout, gradient_kernel
from foglight.compiler.kernels.sensitivity import sensitivity_kernel
from foglight.compiler.recipe import Recipe, traced
from foglight.inference.likelihood import Evaluation, Likelihood
from foglight.methods.diffuse_start import Diffuse
from foglight.model.model import unknown_directions
from oracle.models import covariance

DIRECTIONS = 2


@contextmanager
def forced(arrays: bool) -> Iterator[None]:
    """Gradients of models made inside are on whole arrays, or on scalars."""
    decide = gradient_engine._kernel

    def kernel(recipe: Any, which: Any, truth: bool, _: Any) -> Kernel | None:
        return decide(recipe, which, truth, arrays)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gradient_engine, "_kernel", kernel)
        yield


def wandering(n: int) -> fog.Model:
    """Every matrix full; F, Q and R hang on a parameter each, and so does what the sensor reads."""
    rng = np.random.default_rng(n)
    F, H = 0.3 * rng.standard_normal((n, n)) + 0.5 * np.eye(n), rng.standard_normal((2, n))
    Q, R = covariance(rng, n), covariance(rng, 2)
    motion = fog.Motion(
        tuple(f"x{i}" for i in range(n)),
        lambda x, dt, p: F @ np.array(list(x), object) * p.decay,
        lambda x, dt, p: p.spread**2 * Q,
        {"decay": 0.6, "spread": 0.8},
    )
    sensor = fog.Sensor(
        "eye",
        ("u", "v"),
        lambda x, p: H @ np.array(list(x), object),
        lambda x, p: p.noise**2 * R,
        {"noise": 0.7},
    )
    return fog.Model(motion, [sensor], fog.Belief(rng.standard_normal(n), cov=covariance(rng, n)))


def bent(n: int) -> fog.Model:
    """x_i' = x_i + rate sin x_{i+1}, around a ring; a distance and a sum are measured."""
    rng = np.random.default_rng(n)
    motion = fog.Motion(
        tuple(f"x{i}" for i in range(n)),
        lambda x, dt, p: [x[i] + p.rate * np.sin(x[(i + 1) % n]) for i in range(n)],
        lambda x, dt, p: fog.noise.independent([p.spread**2] * n),
        {"rate": 0.2, "spread": 0.3},
    )
    sensor = fog.Sensor(
        "eye",
        ("distance", "sum"),
        lambda x, p: [np.hypot(x[0] + 3.0, x[1]), sum(x[i] for i in range(n))],
        lambda x, p: [[p.noise**2, 0.0], [0.0, 0.4]],
        {"noise": 0.5},
    )
    return fog.Model(motion, [sensor], fog.Belief(rng.standard_normal(n), cov=0.1 * covariance(rng, n)))


def seasonal(season: int) -> fog.Model:
    """A trend and a season that sums to nothing, all of which wander; nothing is known of them at the start."""
    hidden = tuple(f"g{i}" for i in range(season - 1))
    G = np.eye(season + 1)[:, :3]
    motion = fog.Motion(
        ("level", "slope", *hidden),
        lambda x, dt, p: [
            x[0] + x[1],
            x[1],
            -sum(x[i] for i in range(2, season + 1)),
            *[x[i] for i in range(2, season)],
        ],
        lambda x, dt, p: fog.noise.factored(G, [p.level**2, p.slope**2, p.season**2]),
        {"level": 0.5, "slope": 0.1, "season": 0.2},
    )
    sensor = fog.Sensor("y", ("y",), lambda x, p: [x[0] + x[2]], lambda x, p: [[p.noise**2]], {"noise": 1.0})
    return fog.Model(motion, [sensor], start=None)


def log_of(model: fog.Model, rows: int) -> fog.Log:
    rng = np.random.default_rng(5)
    z = rng.standard_normal((rows, len(model.components))).cumsum(axis=0)
    z[rng.random(z.shape) < 0.1] = np.nan
    blocks = {sensor.name: z[:, at] for sensor, at in model.blocks}
    return fog.Log.from_arrays(np.arange(float(rows)), **blocks)


QUICK = [
    Case(sensors, 9, fog.KF()),
    Case(wandering, 4, fog.KF(form="joseph")),
    Case(bent, 4, fog.UKF()),
    Case(of_unknown_start(sensors, 5), 9, fog.EKF()),
]
SLOW = [
    Case(sensors, 13, fog.EKF(iterations=2, joint=True)),
    Case(wandering, 13, fog.KF()),
    Case(bent, 10, fog.UKF()),
    *[Case(sensors, 9, method) for method in GUARDS],
]


@pytest.mark.parametrize(
    "case", [*QUICK, *[pytest.param(case, marks=pytest.mark.campaign) for case in SLOW]], ids=str
)
def test_gradients_have_the_same_bits_everywhere(case: Case, tmp_path: Path) -> None:
    """Two tracks, with readings missing and far off, along directions of their own."""
    assert_same_bits(case, differentiated(recipe_of(case)), tmp_path)


@pytest.mark.parametrize(
    "case",
    [
        Case(sensors, 4, fog.KF()),
        Case(correlated, 4, fog.KF()),
        Case(scaled, 4, fog.KF()),
        *[
            pytest.param(case, marks=pytest.mark.campaign)
            for case in (Case(sensors, 13, fog.KF()), Case(of_unknown_start(sensors, 5), 9, fog.EKF()))
        ],
    ],
    ids=str,
)  # fmt: skip
def test_moving_covariances_have_the_same_bits_everywhere(case: Case, tmp_path: Path) -> None:
    """And the slopes and scores that differentiating every number gives."""
    recipe = recipe_of(case)
    moving = sensitivity_kernel(recipe, parameters_of(recipe), None, DIRECTIONS)
    assert moving is not None
    slopes, scores = assert_same_bits(case, moving, tmp_path)
    data = moved(case, differentiated(recipe))
    carry, expected = interpreter.scan(differentiated(recipe), data)
    first = GradientLayout.of(differentiated(recipe), len(parameters_of(recipe))).tangent
    assert slopes == pytest.approx(carry[:, first : first + DIRECTIONS], rel=1e-12)
    assert scores == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


def recipe_of(case: Case) -> Recipe:
    """The filter of a case, until its start is known."""
    model = case.model(case.n)
    unknown = unknown_directions(model)
    method: Any = Diffuse(case.method, unknown) if unknown else case.method
    return filter_recipe(model, method, white=True)


def parameters_of(recipe: Recipe) -> tuple[int, ...]:
    return tuple(range(recipe.layout.widths["params"]))


def differentiated(recipe: Recipe) -> Kernel:
    plain = traced(recipe, lowered=False, arrays=True)
    return gradient_kernel(plain, parameters_of(recipe), None, DIRECTIONS)


def moved(case: Case, kernel: Kernel) -> Arrays:
    """Two tracks of a case, at values of the parameters and along directions of their own."""
    given, p = arrays_of(case), kernel.widths["params"]
    layout = GradientLayout.of(kernel, p)
    assert layout.directions == DIRECTIONS
    rng, carry = np.random.default_rng(4), np.zeros((2, kernel.carried))
    carry[:, : layout.primal] = given.carry[:, : layout.primal]
    carry[:, layout.seeds] = rng.standard_normal((2, DIRECTIONS * p))
    carry[:, layout.values] = given.params * rng.uniform(0.9, 1.1, (2, p))
    return Arrays(given.dt, given.u, given.row, given.z, given.params, carry)


def assert_same_bits(case: Case, kernel: Kernel, folder: Path) -> tuple[Any, Any]:
    """Interpreter, LLVM and C agree to the bit; returns the slopes and the records."""
    data = moved(case, kernel)
    expected = interpreter.scan(kernel, data)
    first = GradientLayout.of(kernel, kernel.widths["params"]).tangent
    slopes = expected[0][:, first : first + DIRECTIONS]
    assert np.isfinite(slopes).all() and (slopes != 0.0).all()
    size = sum(a.nbytes for a in expected)
    assert differing(LlvmBackend().engine(kernel, brief=True).run(data), expected) == (0, size)
    need_gcc()
    assert differing(Compiled(kernel, folder, ("-O0",)).run(data), expected) == (0, size)
    return slopes, expected[1]


def both(make: Any, n: int, method: Any, rows: int = 14) -> tuple[Evaluation, Evaluation]:
    """The gradient on arrays and on scalars."""
    found = []
    for arrays in (True, False):
        with forced(arrays):
            model = make(n)
            likelihood = Likelihood(model, log_of(model, rows), method)
            found.append(likelihood.at(likelihood.values))
            assert likelihood._gradient is not None and likelihood._gradient.kernel.on_arrays == arrays
    return found[0], found[1]


@pytest.mark.parametrize(
    ("make", "n", "method"),
    [
        (wandering, 5, fog.KF()), (wandering, 4, fog.KF(form="joseph")), (bent, 4, fog.UKF()), (seasonal, 4, fog.KF()),
        *[
            pytest.param(*case, marks=pytest.mark.campaign)
            for case in [
                (wandering, 9, fog.KF()), (wandering, 4, fog.KF(form="textbook")), (wandering, 5, fog.CKF()),
                (bent, 5, fog.EKF(iterations=2)), (bent, 9, fog.EKF(huber=2.0)), (seasonal, 4, fog.UKF()),
            ]
        ],
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)  # fmt: skip
def test_arrays_and_scalars_agree(make: Any, n: int, method: Any) -> None:
    arrays, scalars = both(make, n, method)
    assert arrays.loglik == pytest.approx(scalars.loglik, rel=1e-12)
    assert arrays.gradient == pytest.approx(scalars.gradient, rel=1e-10)
    assert arrays.information == pytest.approx(scalars.information, rel=1e-10)


def turning(n: int) -> fog.Model:
    """Angles that follow each other around a ring; one is measured."""
    names = tuple(f"x{i}" for i in range(n))
    motion = fog.Motion(
        names,
        lambda x, dt, p: [x[i] + p.rate * np.sin(x[(i + 1) % n] - x[i]) + 0.4 for i in range(n)],
        lambda x, dt, p: fog.noise.independent([p.spread**2] * n),
        {"rate": 0.2, "spread": 0.3},
        angles=names,
    )
    sensor = fog.Sensor(
        "eye",
        ("bearing",),
        lambda x, p: [x[0]],
        lambda x, p: [[p.noise**2]],
        {"noise": 0.5},
        angles=("bearing",),
    )
    return fog.Model(motion, [sensor], fog.Belief(np.linspace(-3.0, 3.0, n), std=np.linspace(0.5, 1.0, n)))


@pytest.mark.parametrize(
    ("make", "n", "method"),
    [
        (wandering, 4, fog.KF(form="joseph")), (turning, 4, fog.EKF(gate=0.9)),
        *[
            pytest.param(*case, marks=pytest.mark.campaign)
            for case in [
                (wandering, 9, fog.KF()), (of_unknown_start(wandering, 2), 4, fog.KF()), (turning, 6, fog.UKF()),
                (bent, 5, fog.EKF(iterations=2)), (of_unknown_start(bent, 3), 5, fog.UKF()),
            ]
        ],
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)  # fmt: skip
def test_arrays_and_scalars_agree_about_the_truth(make: Any, n: int, method: Any) -> None:
    """The density of true states, of which some are unknown, and all in some rows."""
    truth = np.random.default_rng(6).standard_normal((14, n)).cumsum(axis=0)
    truth[np.random.default_rng(7).random(truth.shape) < 0.2] = np.nan
    truth[5] = np.nan
    found = []
    for arrays in (True, False):
        with forced(arrays):
            model = make(n)
            likelihood = Likelihood(model, log_of(model, 14), method, truth=[truth])
            found.append(likelihood.at(likelihood.values))
            assert likelihood._gradient is not None and likelihood._gradient.kernel.on_arrays == arrays
    assert found[0].loglik == pytest.approx(found[1].loglik, rel=1e-12)
    assert found[0].gradient == pytest.approx(found[1].gradient, rel=1e-10)
    assert found[0].information == pytest.approx(found[1].information, rel=1e-10)
    assert (found[0].gradient != 0.0).all()


@pytest.mark.parametrize("method", [fog.KF(), fog.KF(form="joseph"), fog.CKF()], ids=repr)
def test_the_gradient_is_what_mpmath_derives(method: Any) -> None:
    with forced(True):
        test_gradient_bits.test_the_gradient_is_what_mpmath_derives(1, method)


@pytest.mark.parametrize("covariance_moves", [True, False])
@pytest.mark.parametrize("season", [4, pytest.param(12, marks=pytest.mark.campaign)])
def test_of_a_singular_covariance_too(
    season: int, covariance_moves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rank of P is less than n while something is unknown: what rounding leaves of it has no derivative."""
    names = ("level", "slope", "noise", "season")[: 4 if covariance_moves else 3]
    if not covariance_moves:
        monkeypatch.setattr(gradient_engine, "sensitivity_kernel", lambda *_: None)
    made = seasonal(season) if covariance_moves else seasonal(season).with_parameters({"season": 0.0})
    likelihood = Likelihood(made, log_of(made, 2 * season + 4), names=names)
    with forced(True):
        again = made.with_parameters(made.parameters)
        found = Likelihood(again, log_of(made, 2 * season + 4), names=names).at(likelihood.values)
    for i, value in enumerate(likelihood.values):
        step = 2e-3 * value * (np.arange(len(names)) == i)
        a, b, c, d = (likelihood.loglik(likelihood.values + k * step) for k in (-2, -1, 1, 2))
        assert found.gradient[i] == pytest.approx((a - 8 * b + 8 * c - d) / (12 * step[i]), rel=1e-8)


@pytest.mark.parametrize("make", [lambda: seasonal(4), lambda: sensors(4)], ids=["unknown start", "sensors"])
def test_a_silent_gradient_is_the_likelihood_and_its_squares(make: Any) -> None:
    """The bits of the likelihood with its gradient, the NIS of a run; and what this says of a common factor."""
    model = make()
    log = log_of(model, 30)
    with forced(True):
        likelihood = Likelihood(model, log)
        points = likelihood.values * np.array([[1.0], [0.3], [4.0]])
        found = likelihood.with_squares(points)
    assert found is not None
    logliks, gradients, _ = likelihood.at_each(points)
    assert (found[0] == logliks).all() and (likelihood.along(points, 0.0 * points)[0] == logliks).all()
    for point, squares, gradient in zip(points, found[1], gradients, strict=True):
        tuned = model.with_parameters(dict(zip(likelihood.names, point.tolist(), strict=True)))
        run = fog.run(tuned, log)
        assert squares == pytest.approx(np.nansum(run.nis), rel=1e-10)
        if model.start is None:  # every noise is among the parameters
            assert point @ gradient == pytest.approx(
                squares - likelihood.tested, abs=1e-9 * likelihood.tested
            )
    with forced(False):
        assert Likelihood(make(), log).with_squares(points) is None


def of_noise(noise: Any, factor: float = 1.0) -> fog.Model:
    """Twelve states of which each is lost at a rate; how their noise depends on them, on `q` and on `r` is given."""
    names = tuple(f"x{i}" for i in range(12))
    motion = fog.Motion(
        names, lambda x, dt, p: [0.9 * p.r**factor * v for v in x], noise, {"q": 0.5, "r": 1.0}
    )
    sensor = fog.Sensor("eye", ("x0",), lambda x, p: [x[0]], lambda x, p: [[p.s]], {"s": 0.4})
    return fog.Model(motion, [sensor], fog.Belief(np.zeros(12), std=np.ones(12)))


@pytest.mark.parametrize(
    ("model", "method"),
    [
        (of_noise(lambda x, dt, p: fog.noise.independent([p.q] * 12), 1.0), fog.KF()),
        (of_noise(lambda x, dt, p: fog.noise.independent([p.q + v * v for v in x]), 0.0), fog.EKF()),
        (of_noise(lambda x, dt, p: np.full((12, 12), p.q) + np.eye(12), 0.0), fog.KF()),
        (of_noise(lambda x, dt, p: fog.noise.independent([p.q] * 12), 0.0), fog.KF(form="joseph")),
        (of_noise(lambda x, dt, p: fog.noise.independent([p.q] * 12), 0.0), fog.EKF(huber=2.0)),
        (of_noise(lambda x, dt, p: fog.noise.independent([p.q] * 12), 0.0), fog.UKF()),
        (bent(4), fog.EKF()),
    ],
    ids=["F moves", "Q moves with x", "all of Q moves", "joseph", "huber", "points", "curved"],
)
def test_only_noises_of_linear_filters_move_the_covariance_alone(model: fog.Model, method: Any) -> None:
    """Where anything else does, every number is differentiated."""
    recipe = filter_recipe(model, method, white=True)
    assert sensitivity_kernel(recipe, parameters_of(recipe), None, DIRECTIONS) is None


def test_a_long_search_along_lines_gets_a_kernel_of_one_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same bits, in less time."""
    model = seasonal(4)
    with forced(True):
        likelihood = Likelihood(model, log_of(model, 20))
        rng = np.random.default_rng(3)
        points = likelihood.values * np.exp(0.1 * rng.standard_normal((3, 4)))
        before = likelihood.along(points, along := rng.standard_normal((3, 4)))
        assert likelihood._parts_along is None
        monkeypatch.setattr("foglight.inference.likelihood._PAYS", 0.0)
        after = likelihood.along(points, along)
    [part] = likelihood._parts_along or []
    assert part.layout.directions == 1 and likelihood._parts[0].layout.directions == 4
    assert np.array_equal(before, after) and np.isfinite(before).all()


def test_more_parameters_than_directions() -> None:
    """Six parameters in two runs of three directions each; and several points, along one direction each."""
    n = 9

    def make() -> fog.Model:
        names = [f"q{i}" for i in range(5)]
        motion = fog.Motion(
            tuple(f"x{i}" for i in range(n)),
            lambda x, dt, p: [0.9 * x[i] + 0.1 * x[(i + 1) % n] for i in range(n)],
            lambda x, dt, p: fog.noise.independent([getattr(p, names[i % 5]) ** 2 for i in range(n)]),
            {name: 0.3 + 0.1 * k for k, name in enumerate(names)},
        )
        sensor = fog.Sensor("eye", ("u",), lambda x, p: [x[0] + x[4]], lambda x, p: [[p.r**2]], {"r": 0.7})
        return fog.Model(motion, [sensor], fog.Belief(np.zeros(n), std=np.linspace(1.0, 2.0, n)))

    found, log = [], log_of(make(), 20)
    for arrays in (True, False):
        with forced(arrays):
            likelihood = Likelihood(make(), log)
            assert likelihood._parts[0].layout.directions == (3 if arrays else 1)
            points = likelihood.values * np.linspace(0.8, 1.2, 3)[:, None]
            several = likelihood.at_each(points)
            along = likelihood.along(points, np.linspace(-1.0, 1.0, 18).reshape(3, 6))
            found.append([*several, *along, likelihood.shares(likelihood.values)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("of_truth", [False, pytest.param(True, marks=pytest.mark.campaign)])
def test_a_model_of_many_states_is_tuned_on_arrays(of_truth: bool) -> None:
    model = sensors(13)
    log, truth = fog.simulate(model, steps=60, dt=0.3, seed=2)
    fit = fog.tune(model, log, free=("q", "r"), truth=truth if of_truth else None)
    gradient = cache.gradient_engine(model, fog.EKF(), (0, 1), of_truth)
    assert gradient is not None and gradient.kernel.on_arrays
    assert fit.converged and set(fit.std_errors) == {"motion.q", "sum.r"}
    assert fit.params["motion.q"] == pytest.approx(2.0, rel=0.3)
