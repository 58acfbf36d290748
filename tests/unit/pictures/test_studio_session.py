"""A session of the studio: what it shows is what `fog.run` gives, and what is refused changes nothing."""

import json
import os
import re
import runpy
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

import foglight as fog
from foglight.core.errors import DataError, FoglightError, ModelError
from foglight.data.column_files import write_log
from foglight.pictures.studio.auto_tune import AutoTune, found
from foglight.pictures.studio.dropped_log import LARGEST, log_of, suffix_of
from foglight.pictures.studio.given import Given
from foglight.pictures.studio.history import MOST, History, Settings
from foglight.pictures.studio.lesson import TOML, lesson
from foglight.pictures.studio.messages import LONGEST, Desk, read_message
from foglight.pictures.studio.opening import opened
from foglight.pictures.studio.page import page_of
from foglight.pictures.studio.saving import save, toml_of
from foglight.pictures.studio.session import Session

PLANE = """\
[motion]
kind = "constant_velocity"
axes = ["x", "y"]
accel = 0.7   # a comment that stays

[[sensor]]
name = "radar"
kind = "range_bearing"
of = ["x", "y"]
range_std = 0.4
bearing_std = 0.02

[[sensor]]
name = "gps"
kind = "linear"
of = ["x", "y"]
std = 1.5

[start]
mean = [30, 4, -2, 0.5]
std = [4, 2, 1, 0.6]

[method]
kind = "ekf"
gate = 0.999
"""


@pytest.fixture
def plane(tmp_path):
    """A curved model with two sensors, and a log with missing readings, as files."""
    model_file, log_file = tmp_path / "plane.toml", tmp_path / "drive.csv"
    model_file.write_text(PLANE)
    model, _ = fog.load_model(model_file)
    log, _ = fog.simulate(model, 120, 0.1, seed=3, missing=0.2)
    write_log(log_file, log)
    return opened(str(model_file), log_file, None, {})


def numbers(page, title, name):
    """The numbers of a curve on a page."""
    block = next(b for s in page["sections"] for b in s["blocks"] if b["title"] == title)
    column = page["columns"][next(s for s in block["series"] if s["name"] == name)["y"]]
    return np.frombuffer(column["data"], "<" + column["type"]).astype(float) + column["offset"]


def test_the_page_after_a_move_is_the_run_of_the_same_model(plane):
    session = Session(plane)
    session.set("motion.accel", 1.3)
    session.set("bearing_std", 0.05)
    session.set_method("ukf")
    session.guard("gate", None)
    session.guard("huber", 2.5)
    model = plane.model.with_parameters({"motion.accel": 1.3, "radar.bearing_std": 0.05})
    expected = fog.run(model, plane.log, fog.UKF(huber=2.5))
    assert session.run.loglik == expected.loglik
    page = page_of(session, 0)
    for i, state in enumerate(model.state):
        np.testing.assert_allclose(
            numbers(page, state, "filtered"), expected.filtered.mean[:, i], rtol=1e-5, atol=1e-5
        )
    nis = expected.nis[np.isfinite(expected.nis)]
    np.testing.assert_allclose(numbers(page, "NIS of every row", "NIS"), nis, rtol=1e-5, atol=1e-6)
    json.dumps(page, allow_nan=False)


def test_a_view_has_only_the_sections_in_sight(plane):
    session = Session(plane)
    whole, part = page_of(session, 0), page_of(session, 0, {"nis"})
    assert [s["id"] for s in whole["sections"]] == ["map", "states", "innovations", "nis", "gains"]
    assert [s["id"] for s in part["sections"]] == ["nis"] and len(part["columns"]) < len(whole["columns"])
    (states,) = page_of(session, 0, {"states 2", "states 0", "evil 0", "states x", "states 99999"})[
        "sections"
    ]
    assert states["at"] == [0, 2]
    titles = [block["title"] for block in whole["sections"][1]["blocks"]]
    assert [block["title"] for block in states["blocks"]] == [titles[0], titles[2]]


def test_undo_and_redo_return_to_the_bit(plane):
    session = Session(plane)
    seen = [session.run.loglik]
    for value in (0.9, 1.4, 2.0):
        session.set("motion.accel", value)
        seen.append(session.run.loglik)
    session.set_method("ckf")
    assert session.undo()
    for expected in reversed(seen[:-1]):
        assert session.undo() and session.run.loglik == expected
    assert not session.undo() and not session.state()["undo"]
    for expected in seen[1:]:
        assert session.redo() and session.run.loglik == expected
    session.set("motion.accel", 0.2)
    assert not session.redo() or pytest.fail("a new move must end the way forth")


def test_one_drag_of_a_slider_is_one_undo(plane):
    session = Session(plane)
    for value in np.geomspace(0.7, 3.0, 9):
        session.set("motion.accel", float(value), held=True)
    session.set("motion.accel", 3.1)
    session.set("motion.accel", 3.2)  # another drag
    assert session.undo() and session.settings.model.parameters["motion.accel"] == 3.1
    assert session.undo() and session.settings.model.parameters["motion.accel"] == 0.7
    assert not session.undo()


def test_what_is_refused_changes_nothing(plane):
    session = Session(plane)
    before, state = session.run, session.state()
    for refused in (
        lambda: session.set("motion.accel", -1.0),
        lambda: session.set("motion.accel", float("nan")),
        lambda: session.set("std_of_nothing", 1.0),
        lambda: session.set_method("kf"),  # the radar is curved
        lambda: session.set_method("__class__"),
        lambda: session.guard("gate", 1.0),
        lambda: session.guard("recover", 1.0),
        lambda: session.leave_out("lidar", 3),
        lambda: session.leave_out("gps", 120),
        lambda: session.leave_out("gps", -1),
        lambda: session.leave_out("gps", True),
    ):
        with pytest.raises(FoglightError):
            refused()
    assert session.run is before and session.state() == state


def test_the_numbers_of_a_row_are_those_of_the_run(plane):
    session = Session(plane)
    run = fog.run(plane.model, plane.log, plane.method)
    k = int(np.flatnonzero(np.isfinite(run.innovation).all(axis=1))[20])
    answer = Desk(session).follow({"do": "look", "time": float(run.time[k]) + 0.02}).replies[0]
    assert answer["row"] == k and answer["status"] == "USED"
    for i, state in enumerate(answer["states"]):
        assert (
            state["predicted"] == run.predicted.mean[k, i]
            and state["predicted_std"] == run.predicted.std[k, i]
        )
        assert state["filtered"] == run.filtered.mean[k, i]
    for j, component in enumerate(answer["components"]):
        assert component["innovation"] == run.innovation[k, j]
        np.testing.assert_array_equal(component["gain"], run.gain[k, :, j])
        S = np.array([np.nan if s is None else s for s in component["S"]])
        np.testing.assert_array_equal(S, run.innovation_cov[k, j])
    assert answer["nis"] == run.nis[k]
    gone = Desk(session).follow(
        {"do": "look", "row": int(np.flatnonzero(np.isnan(run.innovation).all(axis=1))[0])}
    )
    assert gone.replies[0]["nis"] is None and "MISSING" in gone.replies[0]["status"]


def test_a_failed_sensor_is_left_out_from_its_row_on(plane):
    session = Session(plane)
    session.leave_out("gps", 50)
    at = next(at for sensor, at in plane.model.blocks if sensor.name == "gps")
    z = plane.log.bind(plane.model).copy()
    z[50:, at] = np.nan
    expected = fog.run(
        plane.model, fog.Log.from_arrays(plane.log.time_ns / 1e9, radar=z[:, :2], gps=z[:, 2:]), plane.method
    )
    np.testing.assert_array_equal(session.run.filtered.mean, expected.filtered.mean)
    assert "from row 50 on" in " ".join(page_of(session, 0)["notes"])
    session.leave_out("gps", None)
    assert session.run.loglik == fog.run(plane.model, plane.log, plane.method).loglik


def test_other_methods_are_laid_over_and_those_that_refuse_say_so(plane):
    session = Session(plane)
    (refused,) = session.lay_over(["ukf", "kf"])
    assert refused.startswith("KF: ") and list(session.others) == ["ukf"]
    expected = fog.run(plane.model, plane.log, fog.UKF(gate=0.999)).filtered.mean[:, 0]
    np.testing.assert_allclose(numbers(page_of(session, 0), "x", "UKF"), expected, rtol=1e-5)


def test_auto_tune_ends_and_its_values_are_those_of_tune():
    session = Session(lesson())
    search = AutoTune(session.settings.model, session.log, session.settings.method, lambda: None)
    search.join(60.0)
    fit = fog.tune(session.given.model, session.log, heldout=False)
    assert search.fit.params == fit.params and search.rows > 0
    answer = found(search.fit, search.notes, session.given.labels)
    for row in answer["parameters"]:
        name, (low, high) = row["parameter"], row["interval"]
        assert row["value"] == fit.params[name] ** 2 and (low, high) == tuple(
            end**2 for end in fit.intervals[name]
        )
        assert low < session.given.model.parameters[name] ** 2 < high  # the log was simulated with these
    session.adopt(search.fit)
    assert session.run.loglik == pytest.approx(fit.loglik, rel=1e-12)
    assert session.undo() and session.settings.model.parameters == session.given.model.parameters


def test_a_cancelled_search_says_so():
    given = lesson()
    search = AutoTune(given.model, given.log, given.method, lambda: None)
    search.cancel()
    search.join(60.0)
    assert search.fit is None and search.error.startswith("Cancelled")


def test_a_gate_becomes_a_bound_while_tuning(plane):
    search = AutoTune(plane.model, plane.log, plane.method, lambda: None)
    search.cancel()
    search.join(60.0)
    assert "EKF(huber=3.29" in search.notes[0]


def test_the_saved_model_is_the_tuned_one(plane, tmp_path):
    session, own = Session(plane), set()
    session.set("motion.accel", 1.25)
    session.set("radar.range_std", 0.33)
    path = save(session, "tuned.toml", own)
    assert path == tmp_path / "tuned.toml" and "a comment that stays" in path.read_text()
    assert fog.load_model(path)[0].parameters == session.settings.model.parameters
    session.set("motion.accel", 1.5)
    save(session, "tuned.toml", own)  # its own file may be replaced
    assert fog.load_model(path)[0].parameters["motion.accel"] == 1.5
    with pytest.raises(DataError, match="exists"):
        save(session, "tuned.toml", set())
    with pytest.raises(DataError, match="exists"):
        save(session, "plane.toml", own)
    assert (tmp_path / "plane.toml").read_text() == PLANE


HOSTILE = [
    "../up.toml", "..\\up.toml", "/etc/abs.toml", "a/b.toml", "a\\b.toml", "C:\\x.toml", "C:x.toml", "x.toml\0",
    "\0.toml", "nul.toml", "CON.toml", "com1.toml", "LPT9.x.toml", ".hidden.toml", "..toml", ".toml", "", "x", "x.py",
    "x.toml.py", "x.toml/", "x.toml\n", "\nx.toml", "\u202ex.toml", "tuned.toml:stream", "~/x.toml", "$(id).toml",
    "`id`.toml", "%2e%2e%2fx.toml", "…/x.toml", "x" * 200 + ".toml", "<img src=x onerror=alert(1)>.toml", "|x.toml",
    "x;y.toml", "*.toml", "?.toml", "\uff58.toml",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_hostile_names_of_files_are_refused(plane, tmp_path, name):
    folder = tmp_path / "inner"
    folder.mkdir()
    inner = folder / "plane.toml"
    inner.write_text(PLANE)
    session = Session(opened(str(inner), tmp_path / "drive.csv", None, {}))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match=r"Write tuned\.toml"):
        save(session, name, set())
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_link_is_not_followed(plane, tmp_path):
    target = tmp_path / "elsewhere"
    (tmp_path / "tuned.toml").symlink_to(target)
    with pytest.raises(DataError, match="exists"):
        save(Session(plane), "tuned.toml", set())
    assert not target.exists()


def test_a_model_without_toml_says_so(plane):
    session = Session(Given(plane.model, plane.log, plane.method, "t", "", ""))
    with pytest.raises(ModelError, match="Copy the Python"):
        toml_of(session)
    with pytest.raises(DataError, match="Download"):
        save(Session(lesson()), "tuned.toml", set())


def test_the_python_gives_the_run_of_the_page(plane, tmp_path, capsys):
    for given in (plane, lesson()):
        session = Session(given)
        name = next(iter(given.model.parameters))
        session.set(name, 1.1)
        session.set_method("ukf")
        (answer,) = Desk(session).follow({"do": "python"}).replies
        script = tmp_path / "script.py"
        script.write_text(answer["text"])
        names = runpy.run_path(str(script))
        assert names["run"].loglik == pytest.approx(session.run.loglik, rel=1e-9)
        assert names["run"].method == session.run.method
        capsys.readouterr()


def test_a_dropped_log_is_filtered(plane, tmp_path):
    session = Session(plane)
    session.leave_out("gps", 3)
    half = plane.log[:60]
    write_log(tmp_path / "half.csv", half)
    session.take_log(log_of("half.CSV", (tmp_path / "half.csv").read_bytes(), {}), "half.CSV")
    assert session.run.loglik == fog.run(plane.model, half, plane.method).loglik
    assert session.settings.missing == {} and not session.undo()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.py", b"import os"), ("x.pkl", b"\x80\x04"), ("x", b""), ("x.csv\0.py", b""), ("x.toml", b""),
        ("x.csv", b""), ("x.csv", b"\xff\xfe\x00"), ("x.csv", b"time,radar\n0,=1+1\n"), ("x.csv", b"a,b\n1,2\n"),
        ("x.parquet", b"PAR1 no"), ("x.parquet", b""), ("../../x.csv", b"<html>"),
    ],
    ids=ascii,
)  # fmt: skip
def test_what_is_not_a_log_is_refused_in_a_sentence(plane, name, data):
    session = Session(plane)
    before = session.run
    with pytest.raises(FoglightError) as refused:
        session.take_log(log_of(name, data, {}), name)
    assert "foglight-" not in str(refused.value)  # no path of this computer
    assert session.run is before


def test_a_dropped_log_is_bounded():
    with pytest.raises(DataError, match="more than 200,000,000 bytes"):
        log_of("x.csv", bytes(LARGEST + 1), {})
    assert suffix_of("C:\\logs\\Monday.Parquet") == ".parquet"


def test_bad_messages_are_answered_with_a_sentence(plane):
    desk = Desk(Session(plane))
    before = desk.session.run
    texts = ["", "null", "[]", "3", "{", "[" * 30_000, '"x"', "\ud800", "x" * (LONGEST + 1)]
    for text in texts:
        with pytest.raises(DataError):
            read_message(text)
    messages = [
        {}, {"do": None}, {"do": "__init__"}, {"do": ["set"]}, {"do": "set"}, {"do": "set", "parameter": 1, "value": 1},
        {"do": "set", "parameter": "motion.accel", "value": "1"},
        {"do": "set", "parameter": "motion.accel", "value": True},
        {"do": "set", "parameter": "motion.accel", "value": 10**400}, {"do": "set", "parameter": "motion.accel"},
        {"do": "set", "parameter": "motion.accel", "value": 1.0, "held": True, "view": "states"},
        {"do": "method"}, {"do": "method", "name": {}}, {"do": "guard", "option": "gate", "value": []},
        {"do": "overlay", "methods": "ukf"}, {"do": "overlay", "methods": ["ukf"] * 101}, {"do": "look"},
        {"do": "look", "row": 1e300}, {"do": "look", "row": 10**30}, {"do": "look", "time": float("nan")},
        {"do": "leave out", "sensor": "gps", "row": "1"}, {"do": "save", "name": 3}, {"do": "save"},
    ]  # fmt: skip
    for message in messages:
        changed, replies, _ = desk.follow(message)
        assert not changed and replies[0]["is"] == "said" and re.search(r"\.$", replies[0]["text"]), message
    assert desk.session.run.loglik == before.loglik and not desk.session.state()["undo"]


@pytest.mark.campaign
def test_memory_is_flat_over_a_thousand_moves():
    session = Session(lesson())
    desk = Desk(session)

    def moves(count):
        for k in range(count):
            desk.follow({"do": "set", "parameter": "motion.std", "value": 0.1 + 0.001 * (k % 100)})
            if k % 10 == 0:
                page_of(session, k % 300)

    moves(MOST + 50)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        moves(1_000)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 2_000_000, f"{grown} bytes"


def test_history_is_bounded():
    first = Settings(*[lesson().model, fog.EKF()])
    history = History(first)
    for _ in range(3 * MOST):
        history.add(Settings(first.model, first.method))
    steps = 0
    while history.back is not None:
        history.undo()
        steps += 1
    assert steps == MOST


def test_a_scalar_model_shows_two_densities_and_their_product():
    session = Session(lesson())
    k = int(np.flatnonzero(np.isfinite(session.run.nis))[30])
    page = page_of(session, k)
    title = f"What is known of aside in row {k}"
    prior, reading, both = (numbers(page, title, name) for name in ("prediction", "reading", "both together"))
    product = prior * reading
    np.testing.assert_allclose(both / both.max(), product / product.max(), atol=2e-6)
    gone = int(np.flatnonzero(np.isnan(session.run.nis))[0])
    block = page_of(session, gone)["sections"][1]["blocks"][0]
    assert [series["name"] for series in block["series"]] == ["prediction", "both together"]


def test_the_sliders_of_the_lesson_are_the_variances():
    session = Session(lesson())
    q, r = session.state()["sliders"]
    assert (q["name"], q["unit"], q["log"]) == ("q, process variance", "m²/s", True)
    assert q["value"] == pytest.approx(0.16) and r["value"] == pytest.approx(1.0)
    session.set("motion.std", 0.25)
    assert session.settings.model.parameters["motion.std"] == 0.5
    assert session.state()["sliders"][0]["value"] == 0.25


def test_the_lesson_as_toml_and_as_python_is_one_model(tmp_path):
    given = lesson()
    (tmp_path / "lesson.toml").write_text(TOML)
    assert fog.load_model(tmp_path / "lesson.toml")[0].parameters == given.model.parameters
    assert fog.run(given.model, given.log).loglik == Session(given).run.loglik


def test_ranges_hold_the_value_and_the_bounds():
    motion = fog.Motion(
        ("x",), lambda x, dt, p: [p.a * x.x], lambda x, dt, p: [[p.q * dt]],
        params={"a": fog.param(-0.5, low=-0.9, high=0.95), "q": fog.param(0.3, low=0), "c": 0.0},
    )  # fmt: skip
    model = fog.Model(motion, [fog.sensing.linear("s", of="x", std=0.4)], start=fog.Belief([0.5], std=[1.2]))
    log, _ = fog.simulate(model, 40, 0.5, seed=2)
    session = Session(Given(model, log, fog.EKF(), "t", "", ""))
    a, q, c, std = session.state()["sliders"]
    assert (a["low"], a["high"], a["log"]) == (-0.9, 0.95, False)
    assert q["log"] and q["low"] == pytest.approx(0.003) and q["high"] == pytest.approx(30.0)
    assert not c["log"] and c["low"] < 0.0 < c["high"]
    assert std["log"]
    session.set("motion.q", 500.0)
    assert session.state()["sliders"][1]["high"] == 500.0
    session.set("motion.q", 0.0)
    assert session.state()["sliders"][1]["value"] == 0.0


def test_a_log_with_tracks_is_refused_in_a_sentence(plane):
    log = fog.Log.regular(np.ones((2, 5, 4)), 0.1)
    with pytest.raises(DataError, match="without tracks"):
        Session(replace(plane, log=log))


def test_a_long_log_is_thinned_and_says_so():
    given = lesson()
    log, _ = fog.simulate(given.model, 5_000, 0.1, seed=4)
    session = Session(Given(given.model, log, given.method, "t", "", ""))
    page = page_of(session, 0)
    assert "5,000 rows" in page["notes"][0] and len(numbers(page, "NIS of every row", "NIS")) < 2_600
    assert numbers(page, "NIS of every row", "NIS").max() == pytest.approx(session.run.nis.max(), rel=1e-5)
