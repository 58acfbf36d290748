"""What stands in a picture is what stands in the result."""

import subprocess
import sys
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.unit.pictures.plot.scenes import KNOWN, model, prepared, result_of

import foglight as fog

WALK = model(KNOWN)
LOG, TRUTH = fog.simulate(WALK, steps=80, dt=0.5, seed=5, missing=0.2)
RUN = fog.run(WALK, LOG)


def drawn(ax: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """{label: the data of its line}."""
    return {line.get_label(): (line.get_xdata(), line.get_ydata()) for line in ax.get_lines()}


def area(ax: Any) -> np.ndarray:
    """The corners of the first band."""
    return np.asarray(ax.collections[0].get_paths()[0].vertices)


def test_states() -> None:
    axes = fog.plot.states(RUN, ["y", "x_speed"], truth=TRUTH)
    assert [ax.get_ylabel() for ax in axes] == ["y (m)", "x_speed (m/s)"] and axes[
        1
    ].get_xlabel() == "time (s)"
    lines = drawn(axes[0])
    np.testing.assert_array_equal(lines["filtered"][1], RUN.filtered.mean[:, 1])
    np.testing.assert_array_equal(lines["filtered"][0], LOG.time)
    np.testing.assert_array_equal(lines["truth"][1], TRUTH[:, 1])
    read = LOG["gps"][:, 1]
    np.testing.assert_array_equal(lines["measured, gps"][1], read[np.isfinite(read)])
    low, high = RUN.filtered.interval(0.95)
    corners = area(axes[0])[:, 1]
    assert corners.min() == low[:, 1].min() and corners.max() == high[:, 1].max()
    assert "measured, gps" not in drawn(axes[1])


def test_smoothed_states_have_the_smoothed_band() -> None:
    smoothed = fog.smooth(RUN)
    [ax] = smoothed.plot("x")
    np.testing.assert_array_equal(drawn(ax)["smoothed"][1], smoothed.mean[:, 0])
    np.testing.assert_array_equal(drawn(ax)["filtered"][1], RUN.filtered.mean[:, 0])
    low, _ = smoothed.interval(0.95)
    assert area(ax)[:, 1].min() == low[:, 0].min()
    assert {"measured, gps", "measured, odometer"} <= set(drawn(ax))


def test_colours_have_one_meaning() -> None:
    from foglight.pictures import colours

    [ax] = fog.plot.states(fog.smooth(RUN), "x", truth=TRUTH)
    found = {line.get_label(): line.get_color() for line in ax.get_lines()}
    assert found["smoothed"] == colours.SMOOTHED and found["filtered"] == colours.FILTERED
    assert found["measured, gps"] == colours.MEASURED and found["truth"] == colours.TRUTH
    assert len({colours.MEASURED, colours.PREDICTED, colours.FILTERED, colours.SMOOTHED, colours.TRUTH}) == 5
    [other] = fog.plot.states(fog.forecast(RUN, steps=4), "x")
    assert drawn(other)["forecast"] and other.get_lines()[0].get_color() == colours.PREDICTED


def test_innovations_and_gain() -> None:
    [ax] = fog.plot.innovations(RUN, "gps.y")
    e, std = RUN.innovation[:, 1], np.sqrt(RUN.innovation_cov[:, 1, 1])
    every = np.sort(
        np.concatenate([drawn(ax)[name][1] for name in ("innovation", "beyond ±2σ") if name in drawn(ax)])
    )
    np.testing.assert_array_equal(every, np.sort(e[np.isfinite(e)]))
    assert area(ax)[:, 1].max() == 2.0 * np.nanmax(std)
    [ax] = fog.plot.gain(RUN, "x_speed")
    np.testing.assert_array_equal(drawn(ax)["odometer.x"][1], RUN.gain[:, 2, 2])


def test_nis_is_that_of_check() -> None:
    health = fog.check(RUN, effort="quick")
    columns = health.nis.columns()
    for result in (RUN, health):
        [ax] = fog.plot.nis(result, "gps")
        every = np.concatenate([drawn(ax).get(name, ([], []))[1] for name in ("NIS", "beyond the bound")])
        there = columns["nis.gps"][np.isfinite(columns["nis.gps"])]
        np.testing.assert_allclose(np.sort(every), np.sort(there), rtol=1e-12)


def test_nees() -> None:
    ax = fog.plot.nees(RUN, TRUTH)
    error = RUN.filtered.mean - TRUTH
    nees = [e @ np.linalg.solve(P, e) for e, P in zip(error, RUN.filtered.cov, strict=True)]
    every = np.concatenate([drawn(ax).get(name, ([], []))[1] for name in ("NEES", "beyond the bound")])
    np.testing.assert_allclose(np.sort(every), np.sort(nees), rtol=1e-9)


def test_map_ellipses_hold_what_they_say() -> None:
    ax = fog.plot.map(RUN, probability=0.5, ellipses=3)
    assert ax.get_xlabel() == "x (m)" and ax.get_aspect() == 1.0
    x, y = drawn(ax)["50 % ellipses"]
    rings = np.split(np.stack([x, y], axis=1), np.flatnonzero(np.isnan(x)))
    last = rings[2][~np.isnan(rings[2][:, 0])] - RUN.filtered.mean[-1, :2]
    distance = np.einsum("ki,ij,kj->k", last, np.linalg.inv(RUN.filtered.cov[-1, :2, :2]), last)
    np.testing.assert_allclose(
        distance, 2.0 * np.log(2.0), rtol=1e-9
    )  # χ² with two degrees of freedom, median


def test_forecast_and_what_came() -> None:
    early, late = LOG[:60], LOG[60:]
    run = fog.run(WALK, early)
    ahead = fog.forecast(run, times=late.time)
    [ax] = fog.plot.forecast(ahead, "gps.x", readings=late)
    np.testing.assert_array_equal(drawn(ax)["forecast"][1], ahead.sensors["gps"].mean[:, 0])
    _, high = ahead.sensors["gps"].interval(0.95)
    assert area(ax)[:, 1].max() == high[:, 0].max()
    read = late["gps"][:, 0]
    np.testing.assert_array_equal(drawn(ax)["read later"][1], read[np.isfinite(read)])


def test_components_add_up() -> None:
    axes = fog.plot.components(fog.smooth(RUN), measure="gps.y")
    assert axes[0].get_ylabel() == "gps.y (m)"
    total = drawn(axes[0])["sum of the components"][1]
    np.testing.assert_allclose(total, fog.smooth(RUN).mean[:, 1], rtol=1e-12)


def test_autocorrelation_and_coverage_are_those_of_check() -> None:
    whiteness = fog.check(RUN, effort="quick").whiteness.columns()
    rows = (whiteness["first"] == "gps.x") & (whiteness["second"] == "gps.x")
    [ax] = fog.plot.autocorrelation(RUN, "gps.x")
    every = np.concatenate(
        [y for name, (_, y) in drawn(ax).items() if name in ("correlation", "beyond the bounds")]
    )
    np.testing.assert_allclose(np.sort(every), np.sort(whiteness["correlation"][rows]), rtol=1e-12)
    share = fog.check(RUN, effort="quick").coverage.columns()
    found = drawn(fog.plot.coverage(RUN))["odometer"][1]
    np.testing.assert_allclose(found, 100.0 * share["share"][share["sensor"] == "odometer"])


def test_profile_crosses_where_the_likelihood_has_dropped() -> None:
    from foglight.pictures.plot.likelihood import interval

    x = np.linspace(-4.0, 4.0, 4001)
    low, high = interval(x + 10.0, -0.5 * x**2)
    np.testing.assert_allclose([low, high], [10.0 - 1.959964, 10.0 + 1.959964], atol=1e-5)
    fit = result_of("plain", "Fit")
    ax = fog.plot.profile(fit, "accel", points=5)
    lines = drawn(ax)
    assert lines["log-likelihood"][1].max() == 0.0
    assert fit.params["motion.accel"] == lines[f"estimate {fit.params['motion.accel']:.4g}"][0][0]


def test_densities_of_two_witnesses_and_their_fusion() -> None:
    known, radar = fog.Belief([5.0], std=[2.0]), fog.Belief([8.0], std=[1.0])
    [ax] = fog.plot.belief(known, radar)
    for name, mean, std in (("first", 5.0, 2.0), ("second", 8.0, 1.0), ("both", 7.4, np.sqrt(0.8))):
        x, y = drawn(ax)[name]
        np.testing.assert_allclose(
            y, np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi)), rtol=1e-12
        )


def test_the_reading_of_a_row_is_the_witness_between_predicted_and_filtered() -> None:
    """One state that a sensor reads itself: the density of the reading is N(z, R)."""
    gauge = fog.sensing.linear("gauge", "level", 1.3)
    walk = fog.Model(fog.motion.random_walk("level", std=0.7), [gauge], fog.Belief([2.0], std=[3.0]))
    log, _ = fog.simulate(walk, steps=9, dt=1.0, seed=2)
    [ax] = fog.plot.belief(fog.run(walk, log), row=4)
    x, y = drawn(ax)["its readings"]
    z = log["gauge.level"][4]
    np.testing.assert_allclose(
        y, np.exp(-0.5 * ((x - z) / 1.3) ** 2) / (1.3 * np.sqrt(2 * np.pi)), rtol=1e-6, atol=1e-12
    )


def test_the_students_figure() -> None:
    """The estimate with its readings, the standard deviation, the gain, and two densities with their fusion."""
    run, known, radar = RUN, fog.Belief([5.0], std=[2.0]), fog.Belief([8.0], std=[1.0])
    x, p = fog.plot.states(run, "x", std=True)
    [k] = fog.plot.gain(run, "x")
    [both] = fog.plot.belief(known, radar)
    assert {"filtered", "measured, gps"} <= set(drawn(x)) and set(drawn(both)) == {"first", "second", "both"}
    np.testing.assert_array_equal(drawn(p)["filtered"][1], run.filtered.std[:, 0])
    np.testing.assert_array_equal(drawn(p)["predicted"][1], run.predicted.std[:, 0])
    np.testing.assert_array_equal(drawn(k)["gps.x"][1], run.gain[:, 0, 0])


def test_bend_draws_the_moments_of_push() -> None:
    polar = fog.Belief([1.0, 1.571], std=[0.02, 0.262], names=("range", "bearing"))
    pushed = fog.push(polar, lambda x: [x.range * np.cos(x.bearing), x.range * np.sin(x.bearing)])
    ax = pushed.plot(points=300)
    assert len(drawn(ax)["points"][0]) == 300
    ring = np.stack(drawn(ax)["EKF()"], axis=1)[:-1] - pushed.methods["EKF()"].mean
    distance = np.einsum("ki,ij,kj->k", ring, np.linalg.inv(pushed.methods["EKF()"].cov), ring)
    np.testing.assert_allclose(distance, -2.0 * np.log(0.05), rtol=1e-6)


def test_given_axes_are_used_and_the_users_style_stays() -> None:
    with plt.rc_context({"axes.facecolor": "#123456", "figure.figsize": (5.0, 4.0)}):
        before = dict(plt.rcParams)
        figure, ax = plt.subplots()
        [found] = fog.plot.states(RUN, "x", ax=ax)
        assert found is ax and plt.get_fignums() == [figure.number]
        own = fog.plot.nees(RUN, TRUTH)
        assert own.figure.get_figwidth() == 5.0 and mpl.colors.to_hex(own.get_facecolor()) == "#123456"
        assert dict(plt.rcParams) == before


def test_axes_of_another_number_are_refused() -> None:
    _, ax = plt.subplots()
    with pytest.raises(fog.ModelError, match="ax: states draws 4 panels, got 1 axes"):
        fog.plot.states(RUN, ax=ax)
    with pytest.raises(fog.ModelError, match="expected axes of matplotlib"):
        fog.plot.nees(RUN, TRUTH, ax="here")


def test_a_track_is_chosen_by_name() -> None:
    run = result_of("tracks", "Run")
    [ax] = fog.plot.states(run, "x", track="b")
    rows = run.track == 1
    np.testing.assert_array_equal(drawn(ax)["filtered"][1], run.filtered.mean[rows, 0])
    [ax] = fog.plot.states(run, "x")
    assert "of 3; choose another with track=." in ax.get_title(loc="left")
    with pytest.raises(fog.ModelError, match=r"track = 'nobody': expected one of"):
        fog.plot.states(run, track="nobody")
    shared = prepared("shared")[3]
    [ax] = fog.plot.states(shared, "x", track=2)
    np.testing.assert_array_equal(drawn(ax)["filtered"][1], shared.filtered.mean[2, :, 0])


def test_dates_are_an_axis_of_dates() -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {"level": [3.0, 4.0, 6.0, 5.0]}, index=pd.date_range("2026-01-31", periods=4, freq="ME")
    )
    series = fog.structural("level")
    [ax] = fog.plot.states(fog.run(series, fog.Log.series(frame)), "level")
    assert np.asarray(drawn(ax)["filtered"][0]).astype("datetime64[D]")[0] == np.datetime64("2026-01-31")


def test_a_million_rows_are_thinned() -> None:
    rows = 200_000
    values = np.sin(np.arange(rows) / 3000.0)
    values[123_456] = 40.0
    log = fog.Log.regular(values, dt=0.1)
    [ax] = log.plot()
    y = ax.get_lines()[0].get_ydata()
    assert len(y) < 5000 and 40.0 in y
    assert "200,000 rows, thinned to their extremes." in ax.get_title(loc="left")


def test_without_matplotlib_a_run_works_and_a_picture_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None; import foglight as fog\n"
        "m = fog.Model(fog.motion.random_walk('x', std=1.0), [fog.sensing.linear('gps', 'x', 2.0)], None)\n"
        "try: fog.run(m, fog.Log.regular([1.0, 2.0], dt=1.0)).plot()\n"
        "except fog.FoglightError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'foglight[plot]'" in done.stdout


def test_a_line_is_broken_in_a_silence() -> None:
    run = prepared("gaps")[3]
    [ax] = fog.plot.states(run, "x")
    x, y = drawn(ax)["filtered"]
    (gap,) = np.flatnonzero(np.isnan(y))
    assert x[gap] >= 500.0 and x[gap - 1] < 100.0
    np.testing.assert_array_equal(y[~np.isnan(y)], run.filtered.mean[:, 0])
    bursts = fog.Log.from_arrays(np.add.outer(np.arange(30.0), [0.0, 0.001, 0.002]).ravel(), gps=np.ones((90, 2)),
                                 odometer=np.ones(90))  # fmt: skip
    [ax] = fog.plot.states(fog.run(model(KNOWN), bursts), "x")
    assert np.isfinite(drawn(ax)["filtered"][1]).all()  # a rhythm is no silence
