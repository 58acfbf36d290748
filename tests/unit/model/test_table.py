"""Tables and curves of a model: against SciPy's, in filters against the polynomial that they are, and beyond."""

import copy
import pickle
import re
import time
from typing import Any

import numpy as np
import pytest
from scipy import interpolate

import foglight as fog
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.fingerprint import fingerprint
from foglight.model.table import Table
from unit.traced import Traced

RNG = np.random.default_rng(8)
X = np.sort(RNG.uniform(0.0, 1.0, 21))
Y = np.cos(5.0 * X) + 0.1 * RNG.normal(size=21)
INSIDE = np.concatenate([RNG.uniform(X[0], X[-1], 200), X])
MADE = {
    "linear": (fog.table(X, Y), interpolate.make_interp_spline(X, Y, 1)),
    "cubic": (fog.table(X, Y, "cubic"), interpolate.CubicSpline(X, Y)),
    "pchip": (fog.table(X, Y, "pchip"), interpolate.PchipInterpolator(X, Y)),
}
TAKEN = {
    "natural": interpolate.CubicSpline(X, Y, bc_type="natural"),
    "pchip": interpolate.PchipInterpolator(X, Y),
    "akima": interpolate.Akima1DInterpolator(X, Y),
    "hermite": interpolate.CubicHermiteSpline(X, Y, np.sin(X)),
    "pieces": interpolate.PPoly([[1.0, -2.0], [0.5, 3.0], [0.0, 1.5]], [0.0, 0.4, 1.0]),
    "quintic": interpolate.make_interp_spline(X, Y, 5),
    "line": interpolate.interp1d(X, Y),
}


@pytest.mark.parametrize("name", MADE)
def test_values_and_slopes_are_those_of_scipy(name: str) -> None:
    table, curve = MADE[name]
    np.testing.assert_allclose(table(INSIDE), curve(INSIDE), rtol=0.0, atol=3e-15)
    traced, slope = Traced(lambda v: [table(v)], 1), curve.derivative()
    for x in INSIDE[:40]:
        values, slopes = traced(x)
        assert values[0] == table(x)
        assert slopes[0][0] == pytest.approx(float(slope(x)), rel=1e-12)


@pytest.mark.parametrize("name", TAKEN)
def test_a_curve_of_scipy_is_taken_as_it_is(name: str) -> None:
    curve = TAKEN[name]
    table = fog.table(curve, name=name)
    x = INSIDE[(curve.x[0] <= INSIDE) & (curve.x[-1] >= INSIDE)] if hasattr(curve, "x") else INSIDE
    np.testing.assert_allclose(table(x), curve(x), rtol=0.0, atol=2e-14 if name == "quintic" else 1e-15)
    assert table.kind == type(curve).__name__ and len(table.axes[0]) == len(np.unique(table.axes[0]))


@pytest.mark.parametrize("kind", MADE)
def test_what_is_beyond_the_points(kind: str) -> None:
    curve = MADE[kind][1]
    held, straight = (fog.table(X, Y, kind, extrapolate=e) for e in ("hold", "linear"))
    assert np.isnan(fog.table(X, Y, kind)([X[0] - 1e-9, X[-1] + 1e-9])).all()
    assert held([-9.0, X[0], X[-1], 9.0]).tolist() == pytest.approx([Y[0], Y[0], Y[-1], Y[-1]], rel=1e-15)
    slopes = curve.derivative()(X[[0, -1]])
    np.testing.assert_allclose(
        straight([X[0] - 0.5, X[-1] + 2.0]), Y[[0, -1]] + slopes * [-0.5, 2.0], rtol=1e-13
    )
    np.testing.assert_allclose(straight(INSIDE), curve(INSIDE), rtol=0.0, atol=3e-15)
    for table, expected in ((held, 0.0), (straight, slopes[1])):
        assert Traced(lambda v, t=table: [t(v)], 1)(X[-1] + 1.0)[1][0][0] == pytest.approx(
            expected, rel=1e-13
        )


def test_a_grid_is_that_of_scipy() -> None:
    axes, values = (X, np.linspace(-2.0, 5.0, 8)), RNG.normal(size=(21, 8))
    table, other = fog.table(axes, values), interpolate.RegularGridInterpolator(axes, values)
    points = np.stack([RNG.uniform(a[0], a[-1], 200) for a in axes], axis=1)
    np.testing.assert_allclose(table(*points.T), other(points), rtol=0.0, atol=4e-15)
    assert np.isnan(table(0.5, 5.1)) and table(X[3], -2.0) == values[3, 0]
    straight = fog.table(axes, values, extrapolate="linear")
    corner = values[0, 0] - (values[1, 0] - values[0, 0])
    assert straight(2.0 * X[0] - X[1], -2.0) == pytest.approx(corner, rel=1e-12)


def cell(volts: Any) -> fog.Model:
    """A battery: what it has left, and a voltage that relaxes."""

    def dynamics(x: Any, dt: Any, p: Any, u: Any) -> list[Any]:
        fall = np.exp(-dt / p.relaxation)
        return [x.charge - u.amps * dt / 3600.0, fall * x.lag + (1.0 - fall) * 0.05 * u.amps]

    motion = fog.Motion(
        ("charge", "lag"), dynamics, lambda x, dt, p, u: [[1e-8 * dt, 0.0], [0.0, 1e-6 * dt]],
        params={"relaxation": 30.0}, controls=("amps",),
    )  # fmt: skip
    sensor = fog.Sensor(
        "cell",
        ("volts",),
        lambda x, p: [volts(x.charge) - p.gain * x.lag],
        lambda x, p: [[1e-4]],
        params={"gain": 1.0},
    )
    return fog.Model(motion, [sensor], fog.Belief([0.8, 0.0], std=[0.1, 0.05]))


def cubic(s: Any) -> Any:
    return 3.0 + s * (1.5 + s * (-1.2 + 0.9 * s))


KNOTS = np.array([-0.2, 0.1, 0.3, 0.35, 0.6, 0.8, 0.9, 1.2])
AMPS = RNG.normal(2.0, 3.0, (300, 1))
LOG = fog.Log.from_arrays(
    2.0 * np.arange(300.0),
    cell=cubic(0.8 - np.cumsum(AMPS) / 1800.0)[:, None] + 0.01 * RNG.normal(size=(300, 1)),
    u=AMPS,
)


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(), fog.UKF(alpha=1e-3), fog.CKF()], ids=repr)
@pytest.mark.parametrize("kind", ["table", "SciPy"])
def test_a_filter_with_a_spline_through_a_cubic_is_the_filter_of_the_cubic(kind: str, method: Any) -> None:
    """A spline without knots at its ends repeats a polynomial of degree 3: the filters agree to rounding."""
    volts = fog.table(KNOTS, cubic(KNOTS), "cubic")
    volts = volts if kind == "table" else fog.table(interpolate.CubicSpline(KNOTS, cubic(KNOTS)))
    found, expected = (fog.run(cell(v), LOG, method) for v in (volts, cubic))
    assert found.engine.startswith("llvm") and np.ptp(expected.filtered.mean[:, 0]) > 0.2
    loss = (
        1e4 if method == fog.UKF(alpha=1e-3) else 1.0
    )  # the start is at a knot: there, points lie in two segments
    np.testing.assert_allclose(
        found.filtered.mean, expected.filtered.mean, rtol=1e-10 * loss, atol=1e-13 * loss
    )
    np.testing.assert_allclose(found.filtered.cov, expected.filtered.cov, rtol=1e-10 * loss, atol=1e-14)
    assert found.loglik == pytest.approx(expected.loglik, rel=1e-12 * loss)


def test_tuning_sees_through_a_table() -> None:
    """The gradient of the likelihood, by the maximum that it leads to."""
    volts = fog.table(KNOTS, cubic(KNOTS), "cubic")
    found, expected = (fog.tune(cell(v), LOG, free=("gain",)).params["cell.gain"] for v in (volts, cubic))
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["linear", "cubic"])
def test_tables_of_0_and_1_add_up_to_one_whose_values_are_parameters(kind: str) -> None:
    shapes = [fog.table(KNOTS, row, kind, extrapolate="linear") for row in np.eye(len(KNOTS))]
    params = {f"v{k}": float(v) for k, v in enumerate(cubic(KNOTS))}

    def made(measure: Any, params: dict[str, float]) -> fog.Model:
        sensor = fog.Sensor("cell", ("volts",), measure, lambda: [[1e-4]], params=params)
        return fog.Model(cell(cubic).motion, [sensor], fog.Belief([0.8, 0.0], std=[0.1, 0.05]))

    parts = made(lambda x, p: [sum(v * s(x.charge) for v, s in zip(p, shapes, strict=True)) - x.lag], params)
    volts = fog.table(KNOTS, cubic(KNOTS), kind, extrapolate="linear")
    found, expected = (fog.run(m, LOG) for m in (parts, made(lambda x: [volts(x.charge) - x.lag], {})))
    np.testing.assert_allclose(found.filtered.mean, expected.filtered.mean, rtol=1e-9, atol=1e-11)
    with pytest.raises(
        fog.ModelError, match=r"y\[0\] depends on a state or parameter.*a table of 0 and 1 for each"
    ):
        made(lambda x, p: [fog.table(KNOTS, list(p), kind)(x.charge)], params)


def test_np_interp_is_a_table() -> None:
    volts = fog.table(KNOTS, cubic(KNOTS), extrapolate="hold")
    found, expected = (fog.run(cell(v), LOG) for v in (lambda s: np.interp(s, KNOTS, cubic(KNOTS)), volts))
    np.testing.assert_array_equal(found.filtered.mean, expected.filtered.mean)
    traced = Traced(
        lambda v: [np.interp(v, KNOTS, cubic(KNOTS), left=-1.0, right=v.graph.constant(9.0).value)], 1
    )
    for x in [*KNOTS, -0.7, 0.05, 0.61, 3.0]:
        assert traced(x)[0][0] == pytest.approx(np.interp(x, KNOTS, cubic(KNOTS), -1.0, 9.0), rel=1e-15)


def test_a_row_beyond_a_table_is_named_with_the_table_and_its_range() -> None:
    volts = fog.table([0.7, 0.8, 0.9], [3.0, 3.1, 3.3], name="ocv")
    with pytest.raises(fog.NumericalError) as caught:
        fog.run(cell(volts), LOG)
    assert re.search(
        r"called with charge = (\S+), .* ocv was called with x = \1: expected 0.7 to 0.9\.", str(caught.value)
    )
    assert "cell.measure returned volts = nan at row" in str(caught.value)
    run = fog.run(cell(volts), LOG, on_bad="flag")
    assert (run.status & fog.Status.NONFINITE).any() and np.isfinite(run.filtered.mean).all()


def test_so_is_a_table_that_only_a_sigma_point_leaves() -> None:
    narrow = fog.table([0.75, 0.8, 0.85], [3.0, 3.1, 3.3], name="narrow")
    with pytest.raises(
        fog.NumericalError, match=r"narrow was called with x = 0\.9\d+: expected 0\.75 to 0\.85"
    ) as caught:
        fog.run(cell(narrow), LOG, fog.UKF())
    assert caught.value.index == 0


@pytest.mark.parametrize(
    "method, named",
    [(fog.EKF(), r"gauge.measure returned z = nan at forecast step 3 .* called with level = 3, speed = 1: .*"),
     (fog.UKF(), r"after gauge at forecast step 2 .*")],
    ids=repr,
)  # fmt: skip
def test_so_is_a_forecast_that_leaves_a_table(method: fog.EKF | fog.UKF, named: str) -> None:
    """As a run says it: a reading that cannot be predicted is an error, and the rows before it are forecast."""
    scale = fog.table([-1.0, 1.0, 2.5], [-1.0, 1.0, 4.0], name="scale")
    motion = fog.Motion(
        ("level", "speed"),
        lambda x, dt, p: [x.level + dt * x.speed, x.speed],
        lambda x, dt, p: np.zeros((2, 2)),
    )
    gauge = fog.Sensor("gauge", ("z",), lambda x, p: [scale(x.level)], lambda x, p: [[0.01]])
    model = fog.Model(motion, [gauge], fog.Belief([0.0, 1.0], std=[0.1, 0.3]))
    run = fog.run(model, fog.Log.regular([np.nan], dt=1.0), method=method)
    ahead = fog.forecast(run, times=[1.0])
    assert ahead.sensors["gauge"].mean == pytest.approx(1.0, abs=0.3)
    with pytest.raises(
        fog.NumericalError, match=named + r"scale was called with x = .*: expected -1 to 2\.5"
    ):
        fog.forecast(run, times=[1.0, 2.0, 3.0])


def test_so_is_a_table_that_the_start_is_beyond() -> None:
    ocv = fog.table([0.2, 0.4], [3.0, 3.1], name="ocv")
    with pytest.raises(
        fog.ModelError, match=r"cell.measure: volts = nan at the start .* ocv was called with x = 0.8:"
    ):
        cell(ocv)


def test_so_is_a_table_in_a_noise() -> None:
    spread = fog.table([0.79, 0.81], [0.01, 0.02], name="spread")
    walk = fog.motion.random_walk("level", std=1.0)
    gauge = fog.Sensor("gauge", ("z",), lambda x, p: [x.level], lambda x, p: [[spread(x.level)]])
    model = fog.Model(walk, [gauge], fog.Belief([0.8], std=[0.1]))
    with pytest.raises(
        fog.NumericalError, match=r"gauge.noise.* spread was called with x = .*: expected 0\.79 to 0\.81"
    ):
        fog.run(model, fog.Log.regular([0.8, 3.0, 3.0], dt=1.0))


def test_a_saved_filter_knows_its_tables() -> None:
    moved = cubic(KNOTS) + np.where(np.arange(8) == 3, 1e-9, 0.0)
    tables = [fog.table(KNOTS, values, "cubic") for values in (cubic(KNOTS), cubic(KNOTS), moved)]
    one, same, other = (fingerprint(cell(volts), fog.EKF()) for volts in tables)
    assert one == same != other


def test_a_value_of_two_tables_names_the_one_that_was_left() -> None:
    def volts(s: Any) -> Any:
        wide, narrow = (
            fog.table([-9.0, 9.0], [0.0, 1.0], name="wide"),
            fog.table(([0.7, 0.9], [0.0, 1.0]), np.eye(2) + 3.0, name="map"),
        )
        return wide(s) + narrow(s, 0.5)

    with pytest.raises(fog.NumericalError, match=r"map was called with x = 0\.6\d+: expected 0\.7 to 0\.9"):
        fog.run(cell(volts), LOG)


def test_a_table_is_a_value() -> None:
    table, same = fog.table(X, Y, "cubic", name="t"), fog.table(list(X), Y.tolist(), "cubic", name="t")
    assert table == same == pickle.loads(pickle.dumps(table)) == copy.deepcopy(table) and hash(table) == hash(
        same
    )
    assert table != fog.table(X, Y, "pchip", name="t") != fog.table(X, Y, "pchip", "hold", name="t")
    assert isinstance(table, Table) and table != fog.table(X, 1.5 * Y, "cubic", name="t")
    assert repr(fog.table([0, 2], [1, 5])) == "<table: linear, 2 points from 0 to 2, extrapolate='error'>"
    with pytest.raises(AttributeError):
        table.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("kind", ["linear", "cubic", "pchip"])
def test_slopes_beyond_the_floats_are_refused(kind: str) -> None:
    with pytest.raises(
        fog.ModelError, match=r"y\[3\] = 2, between x = 0 and 1e-310: expected a slope within"
    ):
        fog.table([-1.0, -0.5, 0.0, 1e-310, 1.0], [1.0, 1.5, 1.0, 2.0, 1.0], kind)


def test_an_interpolation_without_polynomials_is_refused_by_its_name() -> None:
    with pytest.raises(fog.ModelError, match=r"x is a UnivariateSpline.*: expected points, or a CubicSpline"):
        fog.table(interpolate.UnivariateSpline(X, Y, s=0.1))


@pytest.mark.filterwarnings("error")
def test_numbers_far_beyond_a_table_are_no_warning() -> None:
    far = [-np.inf, -1e200, 1e200, np.inf]
    flat = [0.0, 1.0, 2.0, 3.0], [1.0, 1.0, 2.0, 5.0]
    assert np.isnan(fog.table(*flat, "cubic")(far)).all()
    assert fog.table(*flat, "cubic", "hold")(far).tolist() == [1.0, 1.0, 5.0, 5.0]
    grid = fog.table((flat[0], flat[0]), np.outer(flat[1], flat[1]), extrapolate="hold")
    assert grid(far, np.full(4, 3.0)).tolist() == [5.0, 5.0, 25.0, 25.0]


def test_one_shape_for_one_argument() -> None:
    table = fog.table([0, 2], [1, 5])
    assert table(1) == 3.0 and isinstance(table(1), np.float64)
    assert table([[0, 1, 2]]).tolist() == [[1.0, 3.0, 5.0]]


def test_a_large_grid_is_traced_in_a_moment() -> None:
    """9,900 values: the model is made, and a filter of it compiled, without an expression for each of them."""
    axes = np.linspace(0.0, 1.0, 99), np.linspace(0.0, 1.0, 100)
    terrain = fog.table(axes, np.add.outer(np.sin(axes[0]), np.cos(axes[1])))
    walk = fog.motion.random_walk(("east", "north"), std=[0.01, 0.01])
    baro = fog.Sensor("baro", ("height",), lambda x, p: [terrain(x.east, x.north)], lambda x, p: [[1e-4]])
    run = fog.run(
        fog.Model(walk, [baro], fog.Belief([0.5, 0.5], std=[0.1, 0.1])), fog.Log.regular([1.3, 1.31], dt=1.0)
    )
    assert run.engine.startswith("llvm") and int(run.engine.split()[1]) < 400


def test_a_large_table_is_not_many_operations() -> None:
    """Nor in a UKF: a step of few operations stays one on scalars, however many numbers it looks up."""
    x = np.linspace(0.0, 1.0, 3_000)
    model = cell(fog.table(x, np.sin(3.0 * x)))
    kernel = engine_of(model, fog.UKF(), "last").kernel
    assert kernel.size < 2_000
    assert not any(i.op == "map" for stage in kernel.stages for i in stage.program.code)


@pytest.mark.campaign
@pytest.mark.parametrize("points", ["even", "uneven", "decades"])
@pytest.mark.parametrize("count", [20, 100])
def test_a_row_costs_little_more_than_with_a_polynomial(points: str, count: int) -> None:
    """The whole row of an EKF of two states, in one series; the best of several turns."""
    knots = {
        "even": np.linspace(-0.5, 1.5, count),
        "uneven": np.sort(RNG.uniform(-0.5, 1.5, count)),
        "decades": np.concatenate([[-0.5], np.logspace(-4.0, 0.2, count - 1)]),
    }[points]
    rows = 20_000
    amps = RNG.normal(0.1, 1.0, (rows, 1))
    volts = cubic(0.8 - np.cumsum(amps) / 3600.0)[:, None]
    log = fog.Log.from_arrays(np.arange(float(rows)), cell=volts, u=amps)
    kinds = [
        fog.table(knots, cubic(knots), kind, extrapolate="linear") for kind in ("linear", "cubic", "pchip")
    ]
    models = [cell(volts) for volts in (cubic, *kinds)]
    best = [np.inf] * 4
    for _ in range(15):
        for k, model in enumerate(models):
            started = time.perf_counter()
            fog.run(model, log)
            best[k] = min(best[k], time.perf_counter() - started)
    assert max(best[1:]) <= 1.3 * best[0], [b / best[0] for b in best]
