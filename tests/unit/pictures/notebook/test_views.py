"""What notebooks show: numbers of the result, escaped text, and colours of the page."""

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import foglight as fog
from foglight.pictures.notebook.markup import page, sparkline, table

HOSTILE = '<script>alert("1")</script>&\'$x_{$'
GAUGE = fog.sensing.linear("gauge", of="level", std=fog.param(1.3))


def model(unit: str = "m") -> fog.Model:
    from dataclasses import replace

    walk = replace(fog.motion.random_walk("level", std=fog.param(0.7)), units={"level": unit})
    return fog.Model(walk, [replace(GAUGE, units={"level": unit})], fog.Belief([2.0], std=[3.0]))


LOG, _ = fog.simulate(model(), steps=60, dt=1.0, seed=2, missing=0.1)
RUN = fog.run(model(), LOG)
KINDS: dict[str, Any] = {
    "Belief": lambda unit: RUN.belief,
    "Model": model,
    "Log": lambda unit: fog.Log.from_arrays(LOG.time, track=[unit] * 60, level=LOG["gauge.level"]),
    "Run": lambda unit: fog.run(model(unit), LOG),
    "Smoothed": lambda unit: fog.smooth(fog.run(model(unit), LOG)),
    "Health": lambda unit: fog.check(fog.run(model(unit), LOG), effort="quick"),
    "Fit": lambda unit: fog.tune(model(unit), LOG, heldout=False),
    "Comparison": lambda unit: fog.compare(model(unit), LOG, [fog.EKF(), fog.UKF()]),
    "Forecast": lambda unit: fog.forecast(fog.run(model(unit), LOG), steps=5),
    "Fused": lambda unit: fog.fuse(RUN.belief, RUN.belief),
    "last row": lambda unit: fog.run(model(unit), LOG, keep="last"),
}


def cells(text: str) -> list[str]:
    return ["".join(cell.itertext()) for cell in ElementTree.fromstring(text).iter("td")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_view_is_well_formed_escaped_and_takes_the_colours_of_the_page(kind: str) -> None:
    text = KINDS[kind](HOSTILE)._repr_html_()
    root = ElementTree.fromstring(text)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "div", "p", "pre", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "svg", "polyline", "polygon",
        "circle",
    }  # fmt: skip
    assert "<script" not in text
    assert not re.search(r"(?:fill|stroke|color)[=:]\s*\"?(?!currentColor|none|inherit)[#a-z]", text)
    assert not re.search(r"\son\w+=|href|src=", text)


def test_hostile_units_and_tracks_are_shown_as_they_are() -> None:
    for kind in ("Model", "Run", "Smoothed"):
        assert HOSTILE in cells(KINDS[kind](HOSTILE)._repr_html_()), kind


def test_a_belief_and_a_run_show_their_numbers() -> None:
    mean, std = f"{RUN.belief.mean[0]:.6g}", f"{RUN.belief.std[0]:.6g}"
    assert cells(RUN.belief._repr_html_()) == ["level", mean, std]
    assert cells(RUN._repr_html_())[:4] == ["level", "m", mean, std]
    unknown = fog.Belief([1.0, 2.0], std=[np.inf, 0.5], names=("a", "b"))
    assert cells(unknown._repr_html_()) == ["a", "1", "unknown", "b", "2", "0.5"]


def test_a_log_counts_its_readings() -> None:
    found = cells(LOG._repr_html_())
    z = LOG["gauge.level"]
    assert (
        found[0] == "gauge.level"
        and found[1] == str(np.isfinite(z).sum())
        and found[2] == str(np.isnan(z).sum())
    )
    assert found[3:5] == [f"{np.nanmin(z):.6g}", f"{np.nanmax(z):.6g}"]


def test_a_check_and_a_fit_show_their_sentences() -> None:
    health = fog.check(fog.run(model().with_parameters({"gauge.std": 0.3}), LOG), effort="quick")
    text = "".join(ElementTree.fromstring(health._repr_html_()).itertext())
    assert health.findings and health.findings[0].sentence in text and "outside" in text
    fit = KINDS["Fit"]("m")
    found = cells(fit._repr_html_())
    assert f"{fit.params['gauge.std']:.6g}" in found and f"{fit.std_errors['gauge.std']:.6g}" in found


def test_a_sparkline_keeps_its_spike_and_its_gap() -> None:
    t, y = np.arange(50_000.0), np.zeros(50_000)
    y[31_000], y[10_000:20_000] = 7.0, np.nan
    root = ElementTree.fromstring(sparkline(t, y, label=HOSTILE))
    lines = [line.get("points", "").split() for line in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert len(lines) == 2 and root.get("aria-label") == HOSTILE
    heights = [float(point.split(",")[1]) for point in lines[1]]
    assert min(heights) == 2.0 and max(heights) == 24.0  # the spike is as high as the drawing allows
    assert len(sparkline(t, y)) < 12_000


def test_nothing_to_draw_is_no_drawing_and_long_tables_end() -> None:
    assert sparkline(np.arange(3.0), np.full(3, np.nan)) == ""
    assert "circle" in sparkline(np.zeros(1), np.ones(1))
    text = page("a < b", table(["n"], [[k] for k in range(100)]))
    assert "a &lt; b" in text and "… and 60 more" in text


def test_rotations_have_a_view() -> None:
    still = fog.Motion(
        ("w", "x", "y", "z"), lambda x, dt, p: list(x), lambda x, dt, p: fog.noise.independent([dt, dt, dt]),
        rotations={"attitude": ("w", "x", "y", "z")},
    )  # fmt: skip
    start = still.belief([1.0, 0.0, 0.0, 0.0], std=[0.1, 0.2, 0.3])
    level = fog.Sensor("level", ("x",), lambda x, p: [x.x], lambda x, p: [[0.01]])
    turning = fog.Model(still, [level], start)
    assert "attitude_x" in start._repr_html_() and "0.2" in cells(start._repr_html_())
    run = fog.run(turning, fog.Log.regular([0.1, 0.2], dt=0.1))
    for shown in (turning, run):
        assert ElementTree.fromstring(shown._repr_html_()) is not None
