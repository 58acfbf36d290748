"""Readings that a gate rejected are marked with hollow crosses: in plots, in a report, and at their own values."""

import json
import re

import numpy as np
import pytest

import foglight as fog
from foglight.pictures.plot.rejected import innovations_of, rejected

OUTLIERS = (20, 45, 70)


@pytest.fixture(scope="module")
def gated() -> fog.Run:
    """A range and a bearing, three of whose ranges are 9 m too long."""
    sensor = fog.sensing.range_bearing("radar", of=("x", "y"), range_std=0.3, bearing_std=0.02)
    model = fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=0.3),
        [sensor],
        start=fog.Belief([20, 5, 1, 0], std=[1, 1, 1, 1]),
    )
    log, _ = fog.simulate(model, 90, 0.1, seed=4)
    columns = dict(log.columns())
    ranges = np.array(columns["radar.range"])
    ranges[list(OUTLIERS)] += 9.0
    z = {"radar": np.column_stack([ranges, columns["radar.bearing"]])}
    return fog.run(model, fog.Log.from_arrays(log.time, **z), fog.EKF(gate=1 - 1e-6))


def test_their_innovations_are_those_of_the_prediction(gated):
    which = rejected(gated)
    assert np.flatnonzero(which.any(axis=1)).tolist() == list(OUTLIERS)
    found = innovations_of(gated, which)
    assert np.isnan(found[~which]).all()
    for k in OUTLIERS:
        x, y = gated.predicted.mean[k, :2]
        expected = gated._received[k] - [np.hypot(x, y), np.arctan2(y, x)]
        np.testing.assert_allclose(found[k], expected, rtol=1e-12)
        assert expected[0] > 7.0


def test_plots_mark_them(gated):
    (panel, _) = fog.plot.innovations(gated)
    (marks,) = [line for line in panel.lines if line.get_label() == "rejected"]
    assert marks.get_marker() == "X" and marks.get_markerfacecolor() == "none"
    np.testing.assert_allclose(marks.get_xdata(), gated.time[list(OUTLIERS)])
    assert (panel.get_ylim()[1] > marks.get_ydata()).all()
    open_gate = fog.run(gated.model, gated.log)
    assert not [line for line in fog.plot.innovations(open_gate)[0].lines if line.get_label() == "rejected"]


def test_a_report_marks_them_in_every_picture_of_readings(gated, tmp_path):
    text = gated.report(tmp_path / "report.html").read_text(encoding="utf-8")
    page = json.loads(re.search(r'id="page-data">(.*?)</script>', text, re.DOTALL)[1])
    blocks = [block for section in page["sections"] for block in section["blocks"]]
    marked = {
        block["title"]
        for block in blocks
        if any(one["style"] == "crosses" for one in [*block.get("series", []), *block.get("paths", [])])
    }
    assert marked == {
        "Map of x and y", "x", "y", "radar.range", "radar.bearing", "Innovation of radar.range",
        "Innovation of radar.bearing",
    }  # fmt: skip


@pytest.mark.parametrize(("first", "dated"), [(1.7e9, True), (999_999_000.0, False), (0.0, False)])
def test_stamps_of_a_clock_are_dates_on_the_axis(first, dated):
    level = fog.Model(
        fog.motion.random_walk("level", std=0.3), [fog.sensing.linear("gauge", "level", 0.5)],
        start=fog.Belief([0.0], std=[1.0], names=("level",)),
    )  # fmt: skip
    log = fog.Log.from_arrays(first + 0.5 * np.arange(20), gauge=np.zeros(20))
    (panel,) = fog.plot.states(fog.run(level, log))
    assert panel.get_xlabel() == ("time (UTC)" if dated else "time (s)")
    texts = [text.get_text() for text in panel.get_xticklabels()]
    assert any(":" in text for text in texts) == dated
