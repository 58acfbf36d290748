"""News: contributions of new and revised readings, against statsmodels and against forecasts from logs without them."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import solve_discrete_lyapunov
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

import foglight as fog

ROWS = 40
F = np.array([[0.5, 0.3], [1.0, 0.0]])


@cache
def level() -> fog.Model:
    return fog.Model(
        fog.motion.random_walk("level", std=0.6),
        [fog.sensing.linear("gauge", of="level", std=1.0)],
        start=None,
    )


@cache
def autoregression() -> fog.Model:
    """An AR(2) read with noise, which begins stationary."""
    Q = np.diag([1.5, 0.0])
    return fog.linear_model(
        F, Q, [1.0, 0.0], 0.8, start=fog.Belief([0.0, 0.0], cov=solve_discrete_lyapunov(F, Q))
    )


def peers(kind: str, y: Any) -> Any:
    """The results of statsmodels, whose filter must not take itself to be settled (tolerance)."""
    if kind == "level":
        model, params = UnobservedComponents(y, "llevel", use_exact_diffuse=True), [1.0, 0.36]
    else:
        model, params = SARIMAX(y, order=(2, 0, 0), measurement_error=True, trend="n"), [0.5, 0.3, 0.8, 1.5]
    model.ssm.tolerance = 0.0
    return model.smooth(params)


MODELS = {"level": level, "autoregression": autoregression}


def vintages(revise: bool) -> tuple[Any, Any]:
    """An earlier log with gaps, which the later one fills; two readings are revised."""
    rng = np.random.default_rng(2)
    later = np.cumsum(rng.normal(0.0, 0.6, ROWS)) + rng.normal(0.0, 1.0, ROWS) + 20.0
    earlier = later.copy()
    earlier[[10, 25, 37, 38, 39]] = np.nan
    later[12] = np.nan
    earlier[12] = np.nan
    if revise:
        earlier[[5, 30]] += [1.3, -0.7]
    return earlier, later


def log_of(y: Any) -> fog.Log:
    return fog.Log.regular(y, dt=1.0)


def runs(model: fog.Model, earlier: Any, later: Any) -> tuple[fog.Run, fog.Run]:
    return fog.run(model, log_of(earlier)), fog.run(model, log_of(later))


@pytest.mark.parametrize("kind", ["level", pytest.param("autoregression", marks=pytest.mark.campaign)])
def test_contributions_of_statsmodels(kind: str) -> None:
    earlier, later = vintages(revise=True)
    found = fog.news(*runs(MODELS[kind](), earlier, later), steps=3)
    before, after = (peers(kind, pd.Series(y, index=pd.RangeIndex(ROWS))) for y in (earlier, later))
    theirs = after.news(before, start=ROWS, end=ROWS + 2, revisions_details_start=True, tolerance=0.0)
    assert found.change[:, 0] == pytest.approx(theirs.total_impacts.to_numpy()[:, 0], abs=1e-10)
    new, revised = found.kind == "new", found.kind == "revised"
    for step in range(3):
        impact = theirs.details_by_impact.loc[ROWS + step]
        assert found.contribution[new, step, 0] == pytest.approx(impact["impact"].to_numpy(), abs=1e-10)
        assert found.weight[new, step, 0] == pytest.approx(impact["weight"].to_numpy(), abs=1e-10)
        impact = theirs.revision_details_by_impact.loc[ROWS + step]
        assert found.contribution[revised, step, 0] == pytest.approx(impact["impact"].to_numpy(), abs=1e-10)
    impact = theirs.details_by_impact.loc[ROWS]
    assert found.expected[new] == pytest.approx(impact["forecast (prev)"].to_numpy(), abs=1e-9)
    assert found.contribution.sum(axis=0) == pytest.approx(found.change, abs=1e-12)


@pytest.mark.parametrize("shorter", [False, True])
@pytest.mark.parametrize("revise", [False, True])
def test_contributions_sum_to_the_difference_of_two_forecasts(shorter: bool, revise: bool) -> None:
    """Of rows that are appended, too, of which statsmodels 0.15 gives contributions with another sum."""
    earlier, later = vintages(revise)
    before, after = runs(level(), earlier[:37] if shorter else earlier, later)
    found = fog.news(before, after, steps=2)
    assert list(found.kind).count("new") == 5 and list(found.kind).count("revised") == 2 * revise
    times = [ROWS, ROWS + 1.0]
    one, other = (fog.forecast(run, times=times).sensors["gauge"].mean for run in (before, after))
    assert found.before == pytest.approx(one, rel=1e-13) and np.array_equal(found.after, other)
    assert np.abs(found.contribution.sum(axis=0) - (other - one)).max() <= 1e-12 * 20.0
    gain = after.gain[-1, 0, 0]
    assert found.weight[-3:, 0, 0] == pytest.approx([gain * (1 - gain) ** k for k in (2, 1, 0)], rel=1e-6)


def test_without_a_reading_its_contribution_is_missing() -> None:
    """The last new reading is the innovation that the later run met, and its weight the gain."""
    _, later = vintages(revise=False)
    before, after = runs(level(), later[:-1], later)
    found = fog.news(before, after, steps=1)
    assert len(found) == 1
    assert found.difference[0] == pytest.approx(after.innovation[-1, 0], rel=1e-12)
    assert found.weight[0, 0, 0] == pytest.approx(after.gain[-1, 0, 0], rel=1e-10)
    assert len(fog.news(after, after, steps=2)) == 0
    assert (fog.news(after, after, steps=2).change == 0.0).all()


def test_several_sensors_and_inputs() -> None:
    gauge = fog.Sensor(
        "gauge",
        ("y",),
        lambda x, p, u: [x.level + u.tide * x.effect],
        lambda x, p: [[0.3]],
        controls=("tide",),
    )
    buoy = fog.sensing.linear("buoy", of="level", std=0.5)
    model = fog.Model(
        fog.motion.random_walk(("level", "effect"), std=0.4),
        [gauge, buoy],
        start=fog.Belief([0, 0], std=[2, 2]),
    )
    rng = np.random.default_rng(6)
    y, z, tide = rng.normal(size=(3, 20))

    def log(last: int, moved: float) -> fog.Log:
        other = z.copy()
        other[7] += moved
        return fog.Log.from_arrays(
            np.arange(float(last)), gauge=y[:last], buoy=np.where(np.arange(last) == 11, np.nan, other[:last]),
            u={"tide": tide[:last]},
        )  # fmt: skip

    before, after = fog.run(model, log(18, 0.0)), fog.run(model, log(20, 0.4))
    found = fog.news(before, after, times=[20.0, 23.0], u=[[1.0], [2.0]])
    assert found.contribution.shape == (5, 2, 2) and list(found.kind) == ["revised", *["new"] * 4]
    ahead = fog.forecast(before, times=[18.0, 19.0, 20.0, 23.0], u=[[tide[18]], [tide[19]], [1.0], [2.0]])
    expected = np.column_stack([ahead.sensors[name].mean[2:, 0] for name in ("gauge", "buoy")])
    assert found.before == pytest.approx(expected, abs=1e-12)
    assert found.contribution.sum(axis=0) == pytest.approx(found.change, abs=1e-12)
    table = found.columns()
    assert len(table["time"]) == 20 and list(table["target"][:3]) == ["gauge.y", "buoy.level", "gauge.y"]
    assert list(table["step"][:4]) == [1, 1, 2, 2] and list(table["name"][::4]) == [
        "buoy.level", "gauge.y", "buoy.level", "gauge.y", "buoy.level",
    ]  # fmt: skip
    assert table["contribution"] == pytest.approx(table["weight"] * table["difference"], rel=1e-13)


def test_it_prints_a_line_for_each_reading_with_its_date() -> None:
    earlier, later = vintages(revise=True)
    dates = pd.date_range("2026-01-01", periods=ROWS, freq="D")
    before, after = (
        fog.run(level(), fog.Log.from_frame(pd.DataFrame({"level": y}, index=dates)))
        for y in (earlier, later)
    )
    found = fog.news(before, after, steps=3)
    lines = str(found).splitlines()
    assert lines[0].startswith("News(5 new readings, 2 revised; next gauge.level 19.6")
    assert lines[1].split()[-4:] == ["gauge.level", "+1", "gauge.level", "+3"]
    assert lines[2].split()[0] == "2026-01-06" and "gauge.level  revised" in lines[2] and len(lines) == 9
    assert list(found.to_frame()["time"][:4]) == [
        *[pd.Timestamp("2026-01-06")] * 3,
        pd.Timestamp("2026-01-11"),
    ]
    assert str(fog.news(after, after, steps=1)).startswith(
        "News(0 new readings, 0 revised; next gauge.level 20."
    )


def test_what_is_no_news_is_refused() -> None:
    earlier, later = vintages(revise=False)
    before, after = runs(level(), earlier, later)
    with pytest.raises(
        fog.ModelError, match=r"before = 3: expected what fog.run returned. Write fog.news\(fog.run"
    ):
        fog.news(3, after, steps=1)  # type: ignore[arg-type]
    with pytest.raises(
        fog.DataError, match=r"gauge.level of before at 10 s = .* is missing in after: expected every"
    ):
        fog.news(after, before, steps=1)
    other = fog.run(level().with_parameters({"motion.std": 2.0}), log_of(earlier))
    with pytest.raises(
        fog.ModelError, match=r"before and after have different parameters, so that not only readings"
    ):
        fog.news(other, after, steps=1)
    with pytest.raises(fog.ModelError, match=r"before and after have different method, so that not only"):
        fog.news(fog.run(level(), log_of(earlier), method=fog.UKF()), after, steps=1)
    with pytest.raises(
        fog.ModelError, match=r"before and after have different start, so that not only readings"
    ):
        fog.news(before, fog.run(level().with_start(fog.Belief([20.0], std=[1.0])), log_of(later)), steps=1)
    gated = [fog.run(level(), log_of(y), method=fog.EKF(gate=0.99)) for y in (earlier, later)]
    with pytest.raises(
        fog.ModelError, match=r"news: EKF\(gate=0.99\) has gate, so that a forecast is no sum"
    ):
        fog.news(*gated, steps=1)
    with pytest.raises(
        fog.DataError, match=r"before begins at 1 s, after at 0 s: expected the same first row"
    ):
        fog.news(fog.run(level(), after.log[1:]), after, steps=1)
    empty = np.where(np.arange(ROWS) < 39, np.nan, later)
    with pytest.raises(fog.DataError, match=r"the earlier log does not determine"):
        fog.news(fog.run(level(), log_of(np.full(39, np.nan))), fog.run(level(), log_of(empty)), steps=1)
    tracks = fog.run(level(), log_of(np.tile(later[:, None], (2, 1, 1))))
    with pytest.raises(fog.DataError, match=r"before: its log has tracks, and news is of one series"):
        fog.news(tracks, tracks, steps=1)
    curved = fog.Model(
        fog.motion.random_walk("level", std=0.6),
        [fog.Sensor("gauge", ("level",), lambda x, p: [x.level**2], lambda x, p: [[1.0]])],
        start=fog.Belief([4.0], std=[1.0]),
    )
    bent = fog.run(curved, log_of(later))
    with pytest.raises(
        fog.ModelError, match=r"news: the model is not linear, or has angles, so that a forecast is no"
    ):
        fog.news(bent, bent, steps=1)
