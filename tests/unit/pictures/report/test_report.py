"""Reports: their numbers are the library's, nothing is hidden, and whatever a run is, there is a page or a sentence."""

import base64
import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

import foglight as fog
from foglight.core.errors import DataError, ModelError, StateError
from unit.pictures.report.reading import blocks, curve, document_of, numbers, parts_of, titled

FOG = Path(__file__).parents[4] / "examples" / "fog"
MOTION = fog.motion.constant_velocity(("x", "y"), accel=0.5)
GPS = fog.sensing.linear("gps", of=("x", "y"), std=[1.0, 2.0])
START = MOTION.belief([0.0, 5.0, 1.0, -1.0], std=[1.0, 2.0, 0.5, 0.7])
PLANAR = fog.Model(MOTION, [GPS], start=START)


@pytest.fixture(scope="module")
def pedestrian():
    model, _ = fog.load_model(FOG / "pedestrian.toml")
    return fog.run(model, fog.Log.read(FOG / "pedestrian.csv")), fog.Log.read(FOG / "truth.csv")


@pytest.fixture(scope="module")
def whole(pedestrian, tmp_path_factory):
    """A report with everything that a report can have."""
    run, truth = pedestrian
    path = tmp_path_factory.mktemp("report") / "report.html"
    fit = fog.tune(run.model, run.log, ["accel"], heldout=False)
    comparison = fog.compare(run.model, run.log, [fog.KF(), fog.EKF(), fog.UKF()], truth)
    fog.smooth(run).report(path, truth=truth, fit=fit, comparison=comparison, title="Fog & more")
    return path, document_of(path), fit, comparison


def test_states_have_their_bands_readings_and_truth(whole, pedestrian):
    _, page, _, _ = whole
    run, truth = pedestrian
    smoothed = fog.smooth(run)
    block = titled(page, "aside")
    x, y = curve(page, block, "filtered")
    np.testing.assert_allclose(x, run.time, atol=0)
    np.testing.assert_allclose(y, run.filtered.mean[:, 1], rtol=0, atol=1e-6)
    [band] = [series for series in block["series"] if series["name"] == "smoothed ± 2σ"]
    low, high = (numbers(page, band[edge]) for edge in ("y", "high"))
    np.testing.assert_allclose((high - low) / 4.0, smoothed.std[:, 1], rtol=1e-5)
    np.testing.assert_allclose(curve(page, block, "truth")[1], truth["aside"], atol=1e-6)
    z = run.log.bind(run.model)
    measured = curve(page, block, "measured, radar")[1]
    np.testing.assert_allclose(measured, z[:, 0] * np.sin(z[:, 1]), atol=1e-5)


def test_readings_innovations_and_gains_are_those_of_the_run(whole, pedestrian):
    _, page, _, _ = whole
    run, _ = pedestrian
    used = np.isfinite(run.innovation[:, 0])
    x, e = curve(page, titled(page, "Innovation of radar.range"), "innovation")
    np.testing.assert_allclose(x, run.time[used], atol=0)
    np.testing.assert_allclose(e, run.innovation[used, 0], atol=1e-6)
    [band] = [s for s in titled(page, "Innovation of radar.range")["series"] if s["style"] == "band"]
    np.testing.assert_allclose(
        numbers(page, band["high"]) ** 2 / 4.0, run.innovation_cov[used, 0, 0], rtol=1e-5
    )
    expected = curve(page, titled(page, "radar.bearing"), "predicted")[1]
    np.testing.assert_allclose(expected, (run.log.bind(run.model) - run.innovation)[used, 1], atol=1e-6)
    np.testing.assert_allclose(
        curve(page, titled(page, "Gain of radar.bearing"), "aside_speed")[1],
        run.gain[used, 3, 1],
        rtol=1e-5,
        atol=1e-6,
    )
    np.testing.assert_allclose(curve(page, titled(page, "NIS of radar"), "NIS")[1], run.nis[used], rtol=1e-5)


def test_the_map_has_the_path_the_sensor_and_its_ellipses(whole, pedestrian):
    _, page, _, _ = whole
    run, _ = pedestrian
    smoothed = fog.smooth(run)
    [plane] = blocks(page, "plane")
    assert plane["sensors"] == [
        {"name": "radar", "x": pytest.approx(0, abs=1e-6), "y": pytest.approx(0, abs=1e-6)}
    ]
    ring = {name: numbers(page, plane["ellipses"][name]) for name in ("x", "y", "a", "b", "angle", "time")}
    k = 57
    row = int(np.flatnonzero(run.time == ring["time"][k])[0])
    turn = np.array(
        [
            [np.cos(ring["angle"][k]), -np.sin(ring["angle"][k])],
            [np.sin(ring["angle"][k]), np.cos(ring["angle"][k])],
        ]
    )
    reach = 5.991464547107979  # χ² with two degrees of freedom is below with probability 0.95
    P = turn @ np.diag([ring["a"][k] ** 2, ring["b"][k] ** 2]) @ turn.T / reach
    np.testing.assert_allclose(P, smoothed.cov[row][:2, :2], rtol=1e-4, atol=1e-7)
    assert (ring["x"][k], ring["y"][k]) == pytest.approx(tuple(smoothed.mean[row, :2]), abs=1e-5)


def test_tables_of_parameters_and_filters(whole):
    _, page, fit, comparison = whole
    rows = {row[0]: row for row in titled(page, "Parameters")["rows"]}
    low, high = fit.intervals["motion.accel"]
    assert rows["motion.accel"] == [
        "motion.accel",
        f"{0.8:.6g}",
        f"{fit.std_errors['motion.accel']:.4g}",
        f"{low:.4g} to {high:.4g}",
        "",
    ]
    assert rows["radar.bearing_std"][2:] == ["–", "", "rad"]
    compared = titled(page, "Filters compared")
    assert [row[0] for row in compared["rows"]] == ["KF()", "EKF()", "UKF()"]
    assert "not linear" in compared["rows"][0][-1] and compared["rows"][1][-1] == ""
    assert titled(page, "The model")["text"] == fog.explain(comparison.model).text


def test_a_sentence_leads_to_its_picture_and_accuses_rows(tmp_path):
    log, _ = fog.simulate(PLANAR, steps=400, dt=0.1, seed=8)
    z = np.array(log.bind(PLANAR))
    z[[70, 200, 333], 1] += 80.0
    run = fog.run(PLANAR, fog.Log.regular(z, dt=0.1))
    health = fog.check(run)
    assert fog.Code.OUTLIERS in health.codes
    page = document_of(run.report(tmp_path / "r.html", health=health))
    [said] = blocks(page, "sentences")
    item = next(item for item in said["items"] if item["mark"] == "OUTLIERS")
    assert item["bad"] and item["text"] == next(f.sentence for f in health.findings if f.code == "OUTLIERS")
    shown = next(block for block in blocks(page) if block["id"] == item["picture"])
    assert shown["title"] == "gps.y"
    assert numbers(page, shown["marks"][0]["column"]).round(6).tolist() == [7.0, 20.0, 33.3]


def test_a_noise_that_is_too_small_leads_to_innovations(tmp_path):
    log, _ = fog.simulate(PLANAR, steps=600, dt=0.1, seed=9)
    run = fog.run(PLANAR.with_parameters({"gps.x_std": 0.3}), log)
    page = document_of(fog.report(run, tmp_path / "r.html"))
    item = next(item for item in blocks(page, "sentences")[0]["items"] if item["mark"] == "R_SMALL")
    assert (
        next(block["title"] for block in blocks(page) if block["id"] == item["picture"])
        == "Innovation of gps.x"
    )


def test_no_spike_is_hidden_and_the_file_is_small(tmp_path):
    model = fog.Model(
        fog.motion.random_walk("level", std=0.3), [fog.sensing.linear("gauge", "level", 1.0)], start=None
    )
    rng = np.random.default_rng(5)
    z = 0.001 * np.cumsum(rng.standard_normal(100_000))
    spikes = rng.choice(np.arange(100, 99_900), 40, replace=False)
    z[spikes] += np.where(np.arange(40) % 2, 90.0, -90.0)
    run = fog.run(model, fog.Log.regular(z, dt=0.01))
    path = run.report(tmp_path / "long.html", effort="none")
    page = document_of(path)
    for title, name, values in (
        ("gauge.level", "measured", z),
        ("level", "measured, gauge.level", z),
        ("level", "filtered", run.filtered.mean[:, 0]),
        ("Innovation of gauge.level", "innovation", run.innovation[:, 0]),
        ("NIS of gauge", "NIS", run.nis),
    ):
        x, y = curve(page, titled(page, title), name)
        drawn = dict(zip(np.rint(x * 100).astype(int).tolist(), y.tolist(), strict=True))
        for k in spikes:
            assert drawn.get(int(k)) == pytest.approx(values[k], rel=1e-5), f"{title}: row {k}"
    stored = sum(len(numbers(page, k)) for k in range(len(page["columns"])))
    assert path.stat().st_size <= 400_000 + 12 * stored
    assert "no spike is hidden" in page["notes"][0] and "100,000 rows" in page["notes"][0]


def test_the_policy_lets_only_this_script_and_style_in(whole):
    path, _, _, _ = whole
    parts = parts_of(path)
    [policy] = [a["content"] for tag, a in parts.tags if a.get("http-equiv") == "Content-Security-Policy"]
    directives = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert directives["default-src"] == "'none'"
    for directive, text in (
        ("script-src", parts.inside["script"][1]),
        ("style-src", parts.inside["style"][0]),
    ):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert directives[directive] == f"'sha256-{digest}'"
    assert [a.get("type") for tag, a in parts.tags if tag == "script"] == ["application/json", None]
    assert not any({"src", "href"} & a.keys() or any(n.startswith("on") for n in a) for _, a in parts.tags)
    assert not re.search(r"@import|url\(", parts.inside["style"][0])


def test_every_link_and_every_column_is_there(whole):
    _, page, _, _ = whole
    names = [block["id"] for block in blocks(page)] + [section["id"] for section in page["sections"]]
    assert len(set(names)) == len(names)
    for block in blocks(page, "lines"):
        lengths = {len(numbers(page, block["x"]["column"]))}
        for series in block["series"]:
            lengths |= {len(numbers(page, series[edge])) for edge in ("y", "high") if edge in series}
        assert len(lengths) == 1, block["title"]


def test_tracks_are_apart(tmp_path):
    z = np.random.default_rng(2).standard_normal((90, 2)).cumsum(axis=0)
    time = np.r_[np.arange(40), np.arange(50)] * 0.1
    run = fog.run(PLANAR, fog.Log.from_arrays(time, track=["ann"] * 40 + ["bob"] * 50, gps=z))
    page = document_of(run.report(tmp_path / "r.html"))
    assert page["tracks"] == ["ann", "bob"]
    for track, rows in ((0, slice(0, 40)), (1, slice(40, 90))):
        x, y = curve(page, titled(page, "y", track), "filtered")
        np.testing.assert_allclose(x, time[rows], atol=1e-12)
        np.testing.assert_allclose(y, run.filtered.mean[rows, 1], atol=1e-6)
    shared = fog.run(PLANAR, fog.Log.regular(z[:80].reshape(10, 8, 2), dt=0.1))
    page = document_of(shared.report(tmp_path / "s.html"))
    assert len(page["tracks"]) == 8 and "8 of 10 tracks are drawn." in page["notes"]
    np.testing.assert_allclose(
        curve(page, titled(page, "Innovation of gps.x", 7), "innovation")[1],
        shared.innovation[7, :, 0],
        atol=1e-6,
    )
    np.testing.assert_allclose(curve(page, titled(page, "NIS of gps", 5), "NIS")[1], shared.nis[5], rtol=1e-5)


def test_components_of_a_structural_model(tmp_path):
    values = (
        np.sin(np.arange(60) * np.pi / 2.0)
        + 0.1 * np.arange(60)
        + 0.1 * np.random.default_rng(3).standard_normal(60)
    )
    model = fog.structural("sales", trend="fixed", seasonal=4)
    smoothed = fog.smooth(fog.run(model, fog.Log.regular(values, dt=1.0)))
    page = document_of(smoothed.report(tmp_path / "r.html", effort="none"))
    [section] = [section for section in page["sections"] if section["id"] == "components"]
    parts = smoothed.components()
    titles = [f"{name}, in {parts.measures[0]}" for name in parts.names]
    assert [block["title"] for block in section["blocks"]] == titles
    name = next(name for name in parts.names if "season" in name)
    y = curve(page, titled(page, f"{name}, in {parts.measures[0]}"), "smoothed")[1]
    np.testing.assert_allclose(y[-30:], parts[name].mean[-30:, 0], atol=1e-5)


def test_dates_are_seconds_since_1970(tmp_path):
    stamps = np.datetime64("2020-03-01T12:00:00", "ns") + np.arange(30) * np.timedelta64(7, "s")
    run = fog.run(PLANAR, fog.Log.from_arrays(stamps, gps=np.random.default_rng(4).standard_normal((30, 2))))
    block = titled(page := document_of(run.report(tmp_path / "r.html", effort="none")), "x")
    assert block["x"]["dates"] is True
    assert numbers(page, block["x"]["column"])[:2].tolist() == [1583064000.0, 1583064007.0]


def test_a_short_log_and_one_without_readings_have_a_page(tmp_path):
    for z in ([[1.0, 2.0]], [[np.nan, np.nan]] * 3):
        page = document_of(fog.run(PLANAR, fog.Log.regular(z, dt=0.5)).report(tmp_path / "r.html"))
        assert "expected at least 20" in page["notes"][0]
        assert blocks(page, "sentences") == [] and titled(page, "x_speed")


def test_unknown_rotated_and_opaque_states_have_a_page(tmp_path):
    rng = np.random.default_rng(6)
    unknown = fog.Model(MOTION, [fog.sensing.linear("gps", of=("x",), std=1.0)], start=None)
    run = fog.run(unknown, fog.Log.regular(rng.standard_normal(30), dt=0.1))
    page = document_of(run.report(tmp_path / "u.html", effort="none"))
    assert "Nothing determines y in 30 of 30 rows." in titled(page, "y")["text"]
    still = fog.Motion(
        ("w", "x", "y", "z"), lambda x, dt, p: list(x), lambda x, dt, p: fog.noise.independent([dt, dt, dt]),
        rotations={"attitude": ("w", "x", "y", "z")},
    )  # fmt: skip
    level = fog.Sensor("level", ("x",), lambda x, p: [x.x], lambda x, p: [[0.01]])
    model = fog.Model(still, [level], still.belief([1.0, 0.0, 0.0, 0.0], std=[0.1, 0.2, 0.3]))
    run = fog.run(model, fog.Log.regular(0.1 * rng.standard_normal(30), dt=0.1))
    page = document_of(run.report(tmp_path / "q.html", effort="none"))
    np.testing.assert_allclose(
        curve(page, titled(page, "w"), "filtered")[1], run.filtered.mean[:, 0], atol=1e-6
    )
    blind = fog.Sensor("blind", ("o",), fog.opaque(lambda x, p: [float(x[0])]), lambda x, p: [[1.0]])
    run = fog.run(fog.Model(MOTION, [blind], START), fog.Log.regular(rng.standard_normal(30), dt=0.1))
    assert (
        "opaque" in titled(document_of(run.report(tmp_path / "o.html", effort="none")), "The model")["text"]
    )


def test_the_same_report_has_the_same_bytes(pedestrian, tmp_path):
    run, truth = pedestrian
    files = [
        run.report(tmp_path / name, truth=truth, effort="none").read_bytes() for name in ("a.html", "b.html")
    ]
    assert files[0] == files[1]


def test_refusals(pedestrian, tmp_path):
    run, _ = pedestrian
    last = fog.run(run.model, run.log, keep="last")
    with pytest.raises(StateError, match="keep='all'"):
        last.report(tmp_path / "r.html")
    with pytest.raises(ModelError, match=r"report\(int\): expected a Run"):
        fog.report(3, tmp_path / "r.html")
    with pytest.raises(ModelError, match=r"health = .*expected what fog.check returned"):
        run.report(tmp_path / "r.html", health="OK")
    with pytest.raises(ModelError, match="path"):
        run.report(7)
    with pytest.raises(DataError, match="there is no folder"):
        run.report(tmp_path / "no" / "r.html", effort="none")
    assert list(tmp_path.iterdir()) == []
