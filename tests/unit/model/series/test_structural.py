"""`fog.structural`: its names, its parts, and what it refuses."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.compiler.linearity import is_linear
from foglight.equations.gaussian import Factored
from foglight.trace.named_vector import Vector

Array = NDArray[np.float64]
RNG = np.random.default_rng(11)
SERIES = RNG.normal(size=60).cumsum() + 3.0 * np.sin(np.arange(60) * np.pi / 2.0)


def log(values: Array = SERIES, u: Any = None) -> fog.Log:
    return fog.Log.regular(values[:, None], dt=1.0, u=u)


def matrices(model: fog.Model) -> tuple[Array, Array]:
    """F and Q of a step, from the motion's own functions on numbers."""
    p = Vector(tuple(model.motion.params), list(model.motion.params.values()), "parameter")
    columns = [model.motion.dynamics(Vector(model.state, list(x)), 1.0, p) for x in np.eye(len(model.state))]
    Q = model.motion.noise(Vector(model.state, [0.0] * len(model.state)), 1.0, p)
    assert isinstance(Q, Factored)
    return np.array(columns, float).T, np.asarray(Q.cov, float)


@pytest.mark.parametrize(
    ("spec", "state", "parameters"),
    [
        ({}, "level", "level_std"),
        ({"level": "fixed", "trend": "random"}, "level slope", "slope_std"),
        ({"trend": "smooth"}, "level slope", "slope_std"),
        ({"trend": "fixed"}, "level slope", "level_std"),
        ({"level": None, "seasonal": 3}, "season_1 season_2", "season_std"),
        ({"level": None, "seasonal": {3: "fixed"}}, "season_1 season_2", ""),
        ({"level": None, "seasonal": fog.fourier(4)}, "season_1 season_1_star season_2", "season_std"),
        (
            {"level": None, "seasonal": (3, fog.fourier(7.5, harmonics=1))},
            "season_3_1 season_3_2 season_7_5_1 season_7_5_1_star",
            "season_3_std season_7_5_std",
        ),
        ({"level": None, "cycle": (4, 20)}, "cycle cycle_star", "cycle_std cycle_period cycle_damping"),
        ({"level": None, "cycle": (4, 20), "damped": False}, "cycle cycle_star", "cycle_std cycle_period"),
        ({"level": None, "autoregressive": 2}, "ar_1 ar_2", "ar_std ar_partial_1 ar_partial_2"),
        ({"regression": "price"}, "level price", "level_std"),
        ({"regression": ("price", "rain"), "tvp": True}, "level price rain", "level_std price_std rain_std"),
        ({"intervention": fog.intervention("law", 3)}, "level law", "level_std"),
    ],
    ids=str,
)
def test_names(spec: dict[str, Any], state: str, parameters: str) -> None:
    model = fog.structural("sales", **spec)
    assert model.state == tuple(state.split())
    assert list(model.parameters) == [
        *(f"motion.{name}" for name in parameters.split()),
        "sales.irregular_std",
    ]
    assert model.components == ("sales.value",)
    assert is_linear(model, model.motion) and is_linear(model, model.sensors[0])


def test_without_noise_there_is_no_parameter_of_it() -> None:
    assert list(fog.structural(irregular=False).parameters) == ["motion.level_std"]


def test_components_are_reported_together() -> None:
    model = fog.structural(seasonal=3, cycle=(6, 30), damped=False)
    found = fog.smooth(fog.run(model, log())).components()
    assert found.names == ("level", "season", "cycle", "irregular")
    total = sum(found[name].mean[:, 0] for name in found.names)
    assert total == pytest.approx(SERIES, abs=1e-12)


def test_dummies_and_all_harmonics_are_the_same_fixed_season() -> None:
    """Both span every pattern of four values that sum to 0: the same innovations, and the same forecasts."""
    one, other = (
        fog.run(fog.structural(seasonal={season: "fixed"}), log()) for season in (4, fog.fourier(4))
    )
    tested = ~np.isnan(one.innovation)
    assert tested.sum() == 60 - 4 and (tested == ~np.isnan(other.innovation)).all()
    assert one.innovation[tested] == pytest.approx(other.innovation[tested], abs=1e-11)
    assert one.innovation_cov[tested[:, 0]] == pytest.approx(other.innovation_cov[tested[:, 0]], rel=1e-11)
    ahead = [fog.forecast(run, steps=7).sensors["series"].mean for run in (one, other)]
    assert ahead[0] == pytest.approx(ahead[1], abs=1e-11)


@pytest.mark.parametrize("seasonal", [5, 8, fog.fourier(8), fog.fourier(7, harmonics=2)], ids=str)
def test_a_season_comes_back_and_sums_to_nothing(seasonal: Any) -> None:
    period = int(getattr(seasonal, "period", seasonal))
    model = fog.structural(level=None, seasonal={seasonal: "fixed"})
    F, _ = matrices(model)
    powers = [np.linalg.matrix_power(F, k) for k in range(period)]
    assert np.linalg.matrix_power(F, period) == pytest.approx(np.eye(len(F)), abs=1e-12)
    assert np.abs(sum(powers)).max() <= 1e-12


@pytest.mark.parametrize(
    "spec, values",
    [
        ({"cycle": (4, 20)}, {"cycle_std": 2.0, "cycle_period": 7.0, "cycle_damping": 0.6}),
        (
            {"autoregressive": 3},
            {"ar_std": 1.7, "ar_partial_1": 0.8, "ar_partial_2": -0.5, "ar_partial_3": 0.3},
        ),
        (
            {"cycle": (4, 20), "autoregressive": 2},
            {
                "cycle_std": 0.4,
                "cycle_damping": 0.9,
                "ar_std": 3.0,
                "ar_partial_1": -0.4,
                "ar_partial_2": 0.7,
            },
        ),
    ],
    ids=["cycle", "autoregression", "both"],
)
def test_stationary_parts_begin_with_their_own_distribution(
    spec: dict[str, Any], values: dict[str, float]
) -> None:
    """P = F P Fᵀ + Q, at the parameters of the model, and after they were changed."""
    for model in (
        fog.structural(level=None, **spec),
        fog.structural(level=None, **spec).with_parameters(values),
    ):
        F, Q = matrices(model)
        assert model.start is not None and not model.start.unknown.size
        P = model.start.cov
        assert P == pytest.approx(F @ P @ F.T + Q, rel=1e-12, abs=1e-14)
        assert np.sqrt(P[0, 0]) == pytest.approx(
            next(v for k, v in model.motion.params.items() if "std" in k)
        )


def test_beside_them_all_is_unknown() -> None:
    model = fog.structural(trend="random", seasonal=3, autoregressive=1)
    assert model.start is not None
    assert np.isinf(model.start.std).tolist() == [True, True, True, True, False]
    assert model.with_start(None).with_parameters({"ar_std": 2.0}).start is None
    assert fog.structural(cycle=(4, 20), damped=False).start is None


def test_coefficients_of_an_autoregression() -> None:
    """r_1 = 1/2 and r_2 = 1/5 are φ_1 = 1/2 - 1/5 · 1/2 and φ_2 = 1/5."""
    model = fog.structural(autoregressive=2).with_parameters({"ar_partial_1": 0.5, "ar_partial_2": 0.2})
    assert model.coefficients == pytest.approx({"ar_1": 0.4, "ar_2": 0.2})
    assert fog.structural().coefficients == {}


def test_a_coefficient_that_wanders() -> None:
    u = RNG.normal(size=60)
    fixed, varying = (fog.structural(level="fixed", regression="price", tvp=tvp) for tvp in (False, True))
    still = varying.with_parameters({"price_std": 0.0})
    assert fog.run(fixed, log(u=u)).loglik == pytest.approx(fog.run(still, log(u=u)).loglik, rel=1e-13)
    F, Q = matrices(varying.with_parameters({"price_std": 0.3}))
    assert (F == np.eye(2)).all() and Q == pytest.approx(np.diag([0.0, 0.09]))


def test_several_series_share_their_parts() -> None:
    """The same as the matrices by hand, with readings missing in either."""
    rng = np.random.default_rng(8)
    z = np.column_stack([SERIES, 2.0 * SERIES + 5.0]) + rng.normal(size=(60, 2))
    z[3, 0] = z[20:24, 1] = np.nan
    values = {"level_std": 0.7, "norway.irregular_std": 0.8, "sweden.irregular_std": 1.2, "loading": 1.9}
    model = fog.structural(("norway", "sweden"), trend="fixed").with_parameters(values)
    assert model.state == ("level", "slope", "sweden_offset")
    run = fog.run(model, fog.Log.from_arrays(np.arange(60.0), norway=z[:, 0], sweden=z[:, 1]))
    F, H = [[1, 1, 0], [0, 1, 0], [0, 0, 1]], [[1, 0, 0], [1.9, 0, 1]]
    by_hand = fog.linear_model(F, np.diag([0.49, 0.0, 0.0]), H, np.diag([0.64, 1.44]), start=None)
    same = fog.run(by_hand, fog.Log.regular(z, dt=1.0))
    assert run.loglik == pytest.approx(same.loglik, rel=1e-12)
    assert run.belief.mean == pytest.approx(same.belief.mean, rel=1e-10)
    assert run.belief.cov == pytest.approx(same.belief.cov, rel=1e-9, abs=1e-12)


def test_a_step_is_a_row_whatever_its_length() -> None:
    model = fog.structural(trend="random", seasonal=4)
    months = fog.Log.from_arrays(np.cumsum(RNG.uniform(0.5, 40.0, 60)), series=SERIES)
    assert fog.run(model, months).loglik == fog.run(model, log()).loglik


@pytest.mark.parametrize("scale", [1e-7, pytest.param(1e9, marks=pytest.mark.campaign)])
def test_the_optimum_does_not_depend_on_the_scale(scale: float) -> None:
    given, scaled = (
        fog.tune(fog.structural(trend="random"), log(c * SERIES), heldout=False, resolution=False).params
        for c in (1.0, scale)
    )
    largest = max(given.values())
    for name, value in given.items():
        assert scaled[name] / scale == pytest.approx(value, rel=1e-5, abs=1e-5 * largest)


REFUSED = [
    ({"level": "drifting"}, "level = 'drifting'", "Write level='random'"),
    ({"level": None}, "level = None: the series has no component", "Write level='fixed'"),
    ({"level": None, "trend": "fixed", "seasonal": 4}, "trend = 'fixed'", "Write level='random'"),
    ({"trend": "linear"}, "trend = 'linear'", "Write trend='random'"),
    ({"seasonal": 1}, "seasonal = 1: expected a period of at least 2 rows", "Write seasonal=12"),
    ({"seasonal": 12.5}, "seasonal = 12.5: expected a whole number", r"fog.fourier\(12.5"),
    ({"seasonal": "12"}, "seasonal = '12'", "Write seasonal=12"),
    ({"seasonal": (12, fog.fourier(12, 2))}, r"seasonal\[1\]: a second season of period 12", "Leave it out"),
    ({"seasonal": {12: "slow"}}, "seasonal = 'slow'", "'random', 'fixed'"),
    ({"cycle": (12, 3)}, r"cycle = \(12, 3\): expected the shortest", r"Write cycle=\(3, 13\)"),
    ({"cycle": (1, 3)}, r"cycle\[0\] = 1: expected a period of at least 2", r"Write cycle=\(2,"),
    ({"cycle": 12}, "cycle = 12: expected the shortest and the longest", r"Write cycle=\(18, 144\)"),
    ({"cycle": (3, 9), "damped": 0.9}, "damped = 0.9", "Leave it out"),
    ({"autoregressive": -1}, "autoregressive = -1", "Write autoregressive=1"),
    ({"autoregressive": True}, "autoregressive = True", "Write autoregressive=1"),
    ({"regression": "level"}, "'level' is the name of a series or of another state", "Rename it"),
    ({"series": "sales", "regression": "sales"}, "'sales' is the name of a series", "Rename it"),
    (
        {"regression": "law", "intervention": fog.intervention("law", 3)},
        "'law' is the name of a series or of another state", "Rename it",
    ),
    ({"regression": ("a", "a")}, r"regression\[1\] = 'a'", "Give each one its own"),
    ({"regression": "a", "tvp": 0.1}, "tvp = 0.1", "Leave it out"),
    ({"intervention": "law"}, r"intervention\[0\] = 'law'", "fog.intervention"),
    ({"irregular": 0.5}, "irregular = 0.5", "Leave it out"),
    ({"series": ("a", "a")}, r"series\[1\] = 'a'", "Give each one its own"),
    ({"series": "a series"}, r"series\[0\] = 'a series'", ""),
    ({"level": "fixed", "irregular": False}, "irregular = False: nothing of the series is random", "irregular=True"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "names", "remedy"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_refused(spec: dict[str, Any], names: str, remedy: str) -> None:
    with pytest.raises(fog.ModelError, match=f"{names}.*{remedy}"):
        fog.structural(**spec)


@pytest.mark.parametrize(
    ("period", "harmonics", "message"),
    [
        (12, 7, "harmonics = 7: .* at most 6.*Write harmonics=6"),
        (12, 0, "harmonics = 0"),
        (12, 2.5, "harmonics = 2.5"),
        (1, 1, "period = 1: expected a period of at least 2"),
        (float("nan"), 1, "period = nan"),
        ("12", 1, "period = '12'"),
    ],
)
def test_harmonics_that_are_refused(period: Any, harmonics: Any, message: str) -> None:
    with pytest.raises(fog.ModelError, match=message):
        fog.fourier(period, harmonics)


def test_a_season_longer_than_the_log_is_refused() -> None:
    months = pd.Series(SERIES[:10], pd.period_range("2020-01", periods=10, freq="M"))
    said = (
        r"10 readings, 2020-01 to 2020-10, and the model 12 states of which nothing is known at the start \(level, "
        r"season_1, season_2 and 9 more\).*expected more than 12. Record a longer log, or leave states out, such as a s"
    )
    with pytest.raises(fog.DataError, match=said):
        fog.tune(fog.structural(seasonal=12), months)
    said = r"does not determine level, season_1, season_2 and 9 more in its last row, 2020-10, so a forecast would be"
    with pytest.warns(fog.FoglightWarning, match="10 rows, 2020-01 to 2020-10, less than season of 12 rows"):
        run = fog.run(fog.structural(seasonal=12), months)
    with pytest.raises(fog.DataError, match=said):
        fog.forecast(run, steps=1)


def test_a_log_of_constants_has_no_optimum() -> None:
    fit = fog.tune(fog.structural(), log(np.full(30, 3.0)), heldout=False)
    assert not fit.converged and "value is 3 in all 30 readings, t = 0 to 29 s: is a s" in " ".join(
        fit.advice
    )


def test_a_regressor_is_needed_in_forecasts_and_in_every_row() -> None:
    u = np.linspace(0.0, 1.0, 60)
    model = fog.structural(regression="price")
    run = fog.run(model, log(u=u))
    with pytest.raises(fog.DataError, match=r"controls \(price\)"):
        fog.forecast(run, steps=2)
    with pytest.raises(fog.DataError, match=r"u\[1,0\] = nan.*price"):
        fog.forecast(run, steps=2, u=[1.0, np.nan])
    u[7] = np.nan
    with pytest.raises(fog.DataError, match=r"u\[7,0\] \(price\) = nan"):
        fog.run(model, log(u=u))
