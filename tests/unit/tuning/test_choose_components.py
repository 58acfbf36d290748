"""A choice of components compares densities of the same readings, whatever the units of what is unknown."""

from typing import Any

import numpy as np
import pytest

import foglight as fog

ROWS = 60


def priced(unit: float) -> fog.Model:
    """A level, and the effect of a price that is given in another unit."""
    gauge = fog.Sensor(
        "gauge", ("y",), lambda x, p, u: [x.level + unit * u.price * x.effect], lambda x, p, u: [[p.std**2]],
        params={"std": fog.param(1.0, low=0)}, controls=("price",),
    )  # fmt: skip
    still = fog.Motion(("effect",), lambda x, dt, p: [x.effect], lambda x, dt, p: [[0.0]])
    return fog.Model(fog.motion.random_walk("level", std=1.0).with_states(still), [gauge], start=None)


def plain() -> fog.Model:
    gauge = fog.sensing.linear("gauge", of="level", std=1.0, measures="y")
    return fog.Model(fog.motion.random_walk("level", std=1.0), [gauge], start=None)


def log_of(effect: float, rows: int = ROWS) -> fog.Log:
    rng = np.random.default_rng(4)
    price = rng.normal(size=rows)
    y = 20.0 + np.cumsum(rng.normal(0.0, 0.3, rows)) + effect * price + rng.normal(0.0, 0.8, rows)
    y[[1, rows // 3]] = np.nan
    return fog.Log.regular(y, dt=1.0, u={"price": price})


CANDIDATES = {"euros": priced(1.0), "cents": priced(100.0), "none": plain()}


def test_units_of_an_unknown_state_decide_nothing() -> None:
    """The log-likelihood differs by the logarithm of the unit, which would decide if it were compared."""
    found = fog.choose_components(log_of(0.0), {name: CANDIDATES[name] for name in ("euros", "cents")})
    euros, cents = sorted(found.rows, key=lambda row: row.name, reverse=True)
    assert abs(abs(euros.loglik - cents.loglik) - np.log(100.0)) <= 1e-5
    assert cents.density == pytest.approx(euros.density, abs=1e-5)
    assert (euros.states, euros.parameters, euros.readings) == (2, 2, ROWS - 4)


@pytest.mark.parametrize("effect", [3.0, 0.0])
def test_densities_are_of_the_rows_that_every_model_can_predict(effect: float) -> None:
    log = log_of(effect)
    found = fog.choose_components(log, {name: CANDIDATES[name] for name in ("euros", "none")}, by="bic")
    best, far = found.best, found.columns()["difference"][1]
    assert (best == "euros" and far > 100.0) if effect else far < 4.0
    assert found.model is found.fits[best].model
    logs = {"euros": log, "none": fog.Log.regular(log["z"], dt=1.0)}
    for row in found.rows:
        run = fog.run(found.fits[row.name].model, logs[row.name])
        assert row.density == pytest.approx(run.row_loglik[3:].sum(), abs=1e-9)  # a level, a gap, an effect
        assert row.loglik == pytest.approx(run.loglik, abs=1e-9)
        assert row.bic - row.aic == pytest.approx(2.0 * (np.log(ROWS - 4) - 2.0), rel=1e-12)
    table = found.columns()
    assert table["difference"][0] == 0.0 and table["weight"].sum() == pytest.approx(1.0)
    assert table["weight"][1] / table["weight"][0] == pytest.approx(np.exp(-0.5 * table["difference"][1]))
    lines = repr(found).splitlines()
    assert lines[0].startswith(f"By BIC, over the {ROWS - 4} readings that every model can predict: {best}")
    assert lines[2].split()[:4] == ["model", "states", "parameters", "loglik"] and len(lines) == 5


def test_tracks_have_their_own_first_rows() -> None:
    parts = [log_of(1.0).columns(), log_of(2.0, 40).columns()]
    time, y, price = (np.concatenate([part[name] for part in parts]) for name in ("time", "z", "price"))
    log = fog.Log.from_arrays(time, track=np.repeat(["a", "b"], [ROWS, 40]), gauge=y, u={"price": price})
    found = fog.choose_components(log, {"euros": CANDIDATES["euros"]})
    run = fog.run(found.model, log)
    later = np.r_[3:ROWS, ROWS + 3 : ROWS + 40]
    assert found.rows[0].density == pytest.approx(run.row_loglik[later].sum(), abs=1e-9)
    assert found.rows[0].readings == ROWS - 4 + 36


def test_a_candidate_that_cannot_be_fitted_is_listed() -> None:
    other = fog.Model(
        fog.motion.random_walk("level", std=1.0), [fog.sensing.linear("radar", of="level", std=1.0)], None
    )
    two = fog.Log.from_arrays(np.arange(30.0), gauge=np.random.default_rng(1).normal(size=30))
    found = fog.choose_components(two, {"gauge": plain(), "radar": other})
    assert found.best == "gauge" and list(found.refused) == ["radar"] and "\nradar: " in repr(found)
    with pytest.raises(fog.DataError):
        fog.choose_components(two, {"radar": other})


def test_a_constant_series_is_refused() -> None:
    with pytest.raises(
        fog.DataError, match=r"gauge.y is 4 in all 30 readings, t = 0 to 29 s, so that every model"
    ):
        fog.choose_components(
            fog.Log.from_arrays(np.arange(30.0), gauge=np.full(30, 4.0)), {"gauge": plain()}
        )


@pytest.mark.campaign
@pytest.mark.parametrize(("trend", "seasonal"), [(None, None), ("fixed", 4), ("smooth", None)])
def test_the_components_of_simulated_series_are_found(trend: Any, seasonal: Any) -> None:
    """A season is found or not as it was simulated, and a model that is as good as the right one is chosen."""
    values = {"level_std": 0.5, "irregular_std": 1.0, "season_std": 0.2, "slope_std": 0.1}
    truth = fog.structural("y", trend=trend, seasonal=seasonal)
    own = {name.split(".")[1] for name in truth.parameters}
    truth = truth.with_parameters({name: value for name, value in values.items() if name in own})
    start = fog.Belief(
        [50.0, 0.3, 4.0, -1.0, -4.0][: len(truth.state)], std=[1.0, 0.1, 1.0, 1.0, 1.0][: len(truth.state)]
    )
    hits = close = 0
    for seed in range(6):
        log, _ = fog.simulate(truth.with_start(start), steps=120, dt=1.0, seed=seed)
        table = (found := fog.choose_components(log, seasonal=4, series="y", by="bic")).columns()
        hits += ("season" in found.best) == (seasonal is not None)
        trends = {None: "level", "fixed": "level + fixed slope", "smooth": "smooth trend"}
        right = trends[trend] + (" + random season" if seasonal else "")
        close += table["difference"][table["model"].tolist().index(right)] <= 6.0
    print(trend, seasonal, hits, close)
    assert hits == 6 and close >= 5


def test_what_cannot_be_chosen_from_is_refused() -> None:
    log = log_of(0.0)
    with pytest.raises(
        fog.ModelError, match=r"by = 'likelihood': expected one of 'aic', 'bic'. Leave it out for 'aic'"
    ):
        fog.choose_components(log, by="likelihood")
    with pytest.raises(fog.ModelError, match=r"models = \[\]: expected names and fog.Models. Write models="):
        fog.choose_components(log, [])  # type: ignore[arg-type]
    with pytest.raises(
        fog.ModelError, match=r"seasonal = 4 is for the default candidates, and models gives others"
    ):
        fog.choose_components(log, CANDIDATES, seasonal=4)
    with pytest.raises(
        fog.DataError, match=r"2 readings come after the row from which every model knows its states"
    ):
        fog.choose_components(log_of(0.0, 5), {"euros": CANDIDATES["euros"]})
