"""A report in a browser: quick, quiet, usable by keyboard, and its pictures zoom together."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import foglight as fog
from browser.conftest import Opened, serious

FOG = Path(__file__).parents[2] / "examples" / "fog"
DRAWN = "figure.lines canvas"
LIMIT = 1.0  # s


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """Of the pedestrian in the fog, with everything that a report can have, and something wrong."""
    model, _ = fog.load_model(FOG / "pedestrian.toml")
    log, truth = fog.Log.read(FOG / "pedestrian.csv"), fog.Log.read(FOG / "truth.csv")
    run = fog.run(model.with_parameters({"radar.range_std": 0.15}), log)
    comparison = fog.compare(model, log, [fog.KF(), fog.EKF(), fog.UKF()], truth)
    path = tmp_path_factory.mktemp("report") / "report.html"
    return fog.smooth(run).report(path, truth=truth, comparison=comparison)


@pytest.fixture(scope="module")
def long_report(tmp_path_factory) -> Path:
    model, _ = fog.load_model(FOG / "pedestrian.toml")
    log, truth = fog.simulate(model, steps=100_000, dt=0.1, seed=1)
    return fog.run(model, log).report(
        tmp_path_factory.mktemp("long") / "report.html", truth=truth, effort="quick"
    )


Pages = Callable[..., Opened]


def shown(new_page: Pages, path: Path, **options) -> Opened:
    opened = new_page(**options)
    opened.page.goto(path.as_uri())
    opened.page.wait_for_selector("[data-ready]")
    return opened


def spans(page, where: str = "figure:not([hidden])") -> set[tuple[float, ...]]:
    """The spans of the pictures that are drawn."""
    page.wait_for_timeout(100)
    found = page.eval_on_selector_all(f"{where} .plot[data-span]", "all => all.map(one => one.dataset.span)")
    return {tuple(round(float(edge), 6) for edge in one.split()) for one in found}


def draw_all(page) -> None:
    """Scroll through the page, so that every picture is drawn."""
    page.evaluate("document.querySelectorAll('figure').forEach(one => one.scrollIntoView())")
    for figure in page.query_selector_all("figure.lines, figure.plane"):
        figure.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelectorAll('.plot:not([data-span])').length === 0")


def over_time(page) -> tuple[float, ...]:
    """The span of the map, the states and the readings, which is one."""
    [span] = spans(page, "#states figure") | spans(page, "#readings figure")
    return span


def test_a_report_of_1e5_rows_opens_within_a_second(new_page, long_report):
    """By the processor time of the page's thread, which other work on the machine does not lengthen."""
    best = np.inf
    for _ in range(3):
        page = new_page().page
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(long_report.as_uri())
        page.wait_for_selector("figure .plot[data-span]")
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        best = min(best, metrics["TaskDuration"])
    assert 0.0 < best < LIMIT


def test_nothing_is_asked_for_and_nothing_complains(new_page, report):
    opened = shown(new_page, report)
    draw_all(opened.page)
    assert opened.requests == [report.as_uri()]
    assert opened.console == [] and opened.dialogs == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_accessible(new_page, report, scheme, width):
    opened = shown(new_page, report, width=width, color_scheme=scheme)
    draw_all(opened.page)
    assert serious(opened.page) == []


@pytest.mark.parametrize("width", [360, 800, 1280, 3840])
def test_nothing_is_wider_than_the_screen(new_page, report, width):
    page = shown(new_page, report, width=width).page
    draw_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_pictures_zoom_together(new_page, report):
    page = shown(new_page, report).page
    draw_all(page)
    assert over_time(page) == pytest.approx((0.0, 10.95))
    target = page.query_selector("#states figure.lines .u-over")
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 60, steps=4)
    page.mouse.up()
    low, high = over_time(page)
    assert low == pytest.approx(0.25 * 10.95, abs=0.15) and high == pytest.approx(0.5 * 10.95, abs=0.15)
    assert spans(page, "#innovations figure") == {(low, high), (0.5, 20.5)}  # that of lags stays
    page.click("text=Back")
    assert over_time(page) == pytest.approx((0.0, 10.95))


def test_the_keyboard_is_enough(new_page, report):
    page = shown(new_page, report).page
    draw_all(page)
    plot = page.query_selector("#states figure.lines .plot")
    plot.focus()
    page.keyboard.press("+")
    assert over_time(page) == pytest.approx((2.7375, 8.2125))
    page.keyboard.press("Shift+ArrowRight")
    assert over_time(page) == pytest.approx((4.10625, 9.58125))
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(100)
    assert "time 9.5" in plot.query_selector(".where").inner_text()
    values = [one.inner_text() for one in plot.query_selector_all(".number")]
    assert any(value and value != "–" for value in values)
    other = page.query_selector("#readings figure.lines .plot .where")
    assert other.inner_text() == plot.query_selector(".where").inner_text()  # one cursor in all pictures
    page.keyboard.press("0")
    assert over_time(page) == pytest.approx((0.0, 10.95))
    page.keyboard.press("Tab")  # the first entry of the legend
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "false"


def test_a_sentence_leads_to_its_picture(new_page, report):
    page = shown(new_page, report).page
    link = page.query_selector(".sentences li.bad a")
    target = link.get_attribute("href")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert page.evaluate("document.activeElement.id") == target[1:]
    figure = page.query_selector(target)
    assert figure.query_selector(".plot[data-span]") is not None
    assert (
        page.query_selector(".sentences li.bad bdi").inner_text()
        in figure.query_selector(".said").inner_text()
    )
    box = figure.bounding_box()
    assert 0 <= box["y"] < 900


def test_light_and_dark_are_those_of_the_system_until_chosen(new_page, report):
    page = shown(new_page, report, color_scheme="dark").page

    def background() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    dark = background()
    page.click("nav button:has-text('Light')")
    assert page.evaluate("document.documentElement.dataset.theme") == "light" and background() != dark
    page.click("nav button:has-text('Dark')")
    assert background() == dark


def test_it_prints_light_with_every_picture(new_page, report):
    page = shown(new_page, report, color_scheme="dark").page
    page.evaluate(
        "addEventListener('beforeprint', () => { window.printed = document.documentElement.dataset.theme +"
        " document.querySelectorAll('.plot:not([data-span])').length; })"
    )
    pdf = page.pdf(format="A4", print_background=True)
    page.wait_for_timeout(200)
    assert page.evaluate("window.printed") == "light0"
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert pdf.count(b"/Type /Page\n") >= 3 or pdf.count(b"/Type /Page") >= 4


def test_another_track_is_chosen(new_page, tmp_path):
    motion = fog.motion.constant_velocity(("x", "y"), accel=0.5)
    model = fog.Model(motion, [fog.sensing.linear("gps", of=("x", "y"), std=1.0)], start=None)
    z = np.random.default_rng(2).standard_normal((90, 2)).cumsum(axis=0)
    time_of = np.r_[np.arange(40), np.arange(50)] * 0.1
    log = fog.Log.from_arrays(time_of, track=["ann"] * 40 + ["bob"] * 50, gps=z)
    path = fog.run(model, log).report(tmp_path / "r.html", effort="none")
    page = shown(new_page, path).page
    page.wait_for_selector("figure .plot[data-span]")
    assert (0.0, 3.9) in spans(page)
    page.select_option("nav select", label="bob")
    page.query_selector("figure.lines:not([hidden])").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#states figure:not([hidden]) .plot[data-span]') !== null")
    assert (0.0, 4.9) in spans(page)
