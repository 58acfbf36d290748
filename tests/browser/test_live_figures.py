"""The live figures of the lecture in a browser: the bits of `fog.run`, quick, quiet, and usable by keyboard."""

import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import foglight as fog
from browser.conftest import Opened, serious

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docs" / "_static" / "live.js"
KINDS = ("one-radar", "gain", "recursion", "ellipse", "curved", "tuning")
LIMIT = 30.0  # ms of the page's thread, from a slider to its picture, 95 % of moves
LARGEST = 300_000  # bytes of a page
# A page as the site makes it: a static picture, and the place of the figure after it.
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<script defer src="{script}"></script>
<style>body {{ margin: 0; background: Canvas; color: CanvasText; color-scheme: light dark; font-family: sans-serif; }}
main {{ max-width: 46rem; margin: auto; padding: 0 0.6rem; }}</style></head>
<body><main><h1>A page</h1><p><img alt="Still" width="40" height="30" src="{still}"></p>
<div class="live" data-live="{kind}"></div><p>Text after it.</p></main></body></html>"""
STILL = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
READ = """kind => {
  const hex = numbers => Array.from(new Uint8Array(numbers.buffer), one => one.toString(16).padStart(2, "0")).join("");
  return Object.values(window.foglight.live[kind].runs).map(({ kernel, start, params, dt, z, carry, records }) =>
    ({ kernel, start, params, dt: hex(dt), z: hex(z), carry: hex(carry), records: hex(records) }));
}"""

Pages = Callable[..., Opened]


@pytest.fixture(scope="module")
def models() -> ModuleType:
    """The models of the figures."""
    sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module("tools.live_kernels")
    finally:
        sys.path.remove(str(ROOT))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page for each kind."""
    folder = tmp_path_factory.mktemp("live")
    for kind in KINDS:
        text = PAGE.format(script=SCRIPT.as_uri(), still=STILL, kind=kind)
        (folder / f"{kind}.html").write_text(text)
    return folder


def shown(new_page: Pages, pages: Path, kind: str, **options: Any) -> Opened:
    opened = new_page(**options)
    opened.page.goto((pages / f"{kind}.html").as_uri())
    opened.page.wait_for_selector("[data-drawn]")
    return opened


def moved(page: Any, kind: str, **values: float) -> None:
    """Set sliders, and wait for the picture."""
    page.evaluate("([kind, values]) => window.foglight.live[kind].set(values)", [kind, values])
    page.wait_for_timeout(60)


def of_bytes(text: str) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(text))


def filtered(models: ModuleType, one: dict[str, Any]) -> Any:
    """The same start, readings and parameters, by `fog.run`."""
    made, method = {
        "level": (models.level, fog.KF()),
        "plane": (models.plane, fog.KF()),
        "curved-ekf": (models.curved, fog.EKF()),
        "curved-ukf": (models.curved, fog.UKF()),
    }[one["kernel"]]
    n = 1 if one["kernel"] == "level" else 2
    mean, triangle = one["start"][:n], one["start"][n:]
    factor = (
        (np.eye(n), triangle) if n == 1 else ([[1.0, triangle[1]], [0.0, 1.0]], [triangle[0], triangle[2]])
    )
    model = made(fog.Belief(mean, factor=factor))
    model = model.with_parameters(dict(zip(model.parameters, one["params"], strict=True)))
    dt, z = of_bytes(one["dt"]), of_bytes(one["z"])
    assert (dt[1:] == 1.0).all()
    return fog.run(model, fog.Log.regular(z[:, None], dt=1.0), method, start_time=-dt[0])


SETTINGS: dict[str, list[dict[str, float]]] = {
    "one-radar": [{}, {"q": 0.73, "r": 9.3, "h": 1.83, "z": 7.9}],
    "gain": [{}, {"k": 0.91, "q": 3.7, "r": 0.31, "h": 3.77}],
    "recursion": [{}, {"q": 0.0013, "r": 33.0, "start": -1.7, "p": 93.0, "seed": 41}, {"q": 0.97, "seed": 2}],
    "ellipse": [{}, {"dt": 1.37, "q": 1.31, "z": -1.7, "r": 0.061, "angle": 37.0, "step": 3}],
    "curved": [{}, {"distance": 87.0, "bearing": 3.7, "range": 0.2}, {"distance": 6.0, "bearing": 44.0}],
    "tuning": [{}, {"q": 0.5, "r": 4.0, "seed": 77}, {"q": 91.0, "r": 0.011, "seed": 100}],
}


@pytest.mark.parametrize("kind", KINDS)
def test_its_bits_are_those_of_fog_run(new_page, pages, models, kind):
    page = shown(new_page, pages, kind).page
    compared = 0
    for values in SETTINGS[kind]:
        moved(page, kind, **values)
        for one in page.evaluate(READ, kind):
            run = filtered(models, one)
            for found, expected in ((one["carry"], run._carry), (one["records"], run._records)):
                assert bytes.fromhex(found) == expected.tobytes(), (values, one["kernel"])
                compared += expected.nbytes
    assert compared > 100 and page.evaluate(READ, kind)[0]["records"].count("0") < 16 * compared
    if kind in ("recursion", "tuning"):
        assert compared > len(SETTINGS[kind]) * 50 * 6 * 8


def test_another_bit_would_be_noticed(new_page, pages, models):
    """One reading that differs in its last bit."""
    page = shown(new_page, pages, "recursion").page
    [one] = page.evaluate(READ, "recursion")
    z = of_bytes(one["z"]).copy()
    z[0] = np.nextafter(z[0], np.inf)
    other = filtered(models, one | {"z": z.tobytes().hex()})._records.tobytes()
    assert bytes.fromhex(one["records"]) != other


@pytest.mark.parametrize("kind", KINDS)
def test_a_slider_moves_its_picture_at_once(new_page, pages, kind):
    """By the processor time of the page's thread, which other work on the machine does not lengthen."""
    page = shown(new_page, pages, kind).page
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate("""() => { window.moveTo = (k, position) => new Promise(done => {
      const slider = document.querySelectorAll(".live-slider input")[k];
      slider.value = String(Math.round(position * Number(slider.max)));
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      requestAnimationFrame(() => requestAnimationFrame(done));
    }); }""")
    sliders = page.locator(".live-slider input").count()

    def spent() -> float:
        found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return 1e3 * found["TaskDuration"]

    times = []
    for slider in range(sliders):
        for k in range(25):
            before, drawn = spent(), page.get_attribute(".live", "data-drawn")
            page.evaluate("([k, at]) => window.moveTo(k, at)", [slider, (7 * k % 25) / 24])
            times.append(spent() - before)
            assert page.get_attribute(".live", "data-drawn") != drawn
    assert 0.0 < np.percentile(times, 95) < LIMIT, np.round(np.percentile(times, [50, 95, 100]), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_for_and_nothing_complains(new_page, pages, kind):
    opened = shown(new_page, pages, kind)
    opened.page.locator(".live-slider input").first.press("ArrowRight")
    opened.page.wait_for_timeout(400)
    files = {(pages / f"{kind}.html").as_uri(), SCRIPT.as_uri()}
    assert {url for url in opened.requests if not url.startswith("data:")} == files
    assert opened.console == [] and opened.dialogs == []


def test_a_page_is_small():
    assert SCRIPT.stat().st_size < LARGEST / 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_accessible_and_fits(new_page, pages, kind, width, scheme):
    page = shown(new_page, pages, kind, width=width, color_scheme=scheme).page
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", KINDS)
def test_the_keyboard_is_enough(new_page, pages, kind):
    """Tab reaches every control in the order of the page; arrows move it, and its value is said with its unit."""
    page = shown(new_page, pages, kind).page
    reached = []
    for _ in range(20):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "document.activeElement.closest('.live') && document.activeElement.id + document.activeElement.type"
        )
        if not name:
            break
        reached.append(name)
        if name.endswith("range"):
            before = page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
            said = page.inner_text(".live-says")
            drawn = page.get_attribute(".live", "data-drawn")
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(50)
            after = page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
            assert re.fullmatch(r"−?[\d.e−-]+( ?[m²³°/s]+)?", after) and after != before
            assert page.get_attribute(".live", "data-drawn") != drawn
            assert page.inner_text(".live-says") != "" and said != ""
    assert len(reached) >= page.locator(".live-slider input").count() + 1
    page.locator(".live-buttons button").last.press("Enter")  # Reset
    page.wait_for_timeout(50)
    assert page.evaluate("kind => window.foglight.live[kind].values", kind) == page.evaluate(
        "kind => window.foglight.live[kind].start", kind
    )


def test_the_steps_of_the_ellipse_by_keyboard(new_page, pages):
    page = shown(new_page, pages, "ellipse", reduced_motion="reduce").page
    said = [page.inner_text(".live-says")]
    page.locator(".live-steps input").first.focus()
    for step in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
        assert page.evaluate("window.foglight.live.ellipse.values.step") == step  # at once, without a glide
        said.append(page.inner_text(".live-says"))
    assert len(set(said)) == 4


def test_a_step_glides_where_motion_is_welcome(new_page, pages):
    page = shown(new_page, pages, "ellipse", reduced_motion="no-preference").page
    page.locator(".live-steps input").nth(1).check(force=True)
    steps = {page.evaluate("window.foglight.live.ellipse.values.step") for _ in range(10)}
    page.wait_for_function("window.foglight.live.ellipse.values.step === 1")
    assert any(0.0 < step < 1.0 for step in steps)


def test_the_sentence_says_what_is_seen(new_page, pages):
    page = shown(new_page, pages, "one-radar").page
    moved(page, "one-radar", q=0.5, r=1.0, h=1.0, z=3.5)
    says = page.locator(".live-says")
    assert says.inner_text() == (
        "The gain is 0.333: the radar counts for a third. Both together say 2.5 m, give or take 0.577 m, where the "
        "better one alone has 0.707 m."
    )
    assert says.get_attribute("aria-live") == "polite" and says.get_attribute("aria-busy") == "true"
    page.wait_for_timeout(400)  # read out once the hand rests
    assert says.get_attribute("aria-busy") == "false"


def test_the_best_gain_and_the_maximum_are_found(new_page, pages):
    page = shown(new_page, pages, "gain").page
    page.click("text=Take the best gain")
    page.wait_for_timeout(60)
    assert "Yours is the best one." in page.inner_text(".live-says")
    page = shown(new_page, pages, "tuning").page
    assert "too sure" in page.inner_text(".live-says")
    page.click("text=Go to the maximum")
    page.wait_for_timeout(60)
    assert "No q and r are more likely." in page.inner_text(".live-says")


def test_the_maximum_is_that_of_fog_tune(new_page, pages, models):
    """Found by the page's search, and by `fog.tune` on the same readings."""
    page = shown(new_page, pages, "tuning").page
    page.click("text=Go to the maximum")
    page.wait_for_timeout(60)
    [one] = page.evaluate(READ, "tuning")
    run = filtered(models, one)
    tuned = fog.tune(run.model, run.log, ["motion.q", "radar.r"], method=fog.KF())
    found = [tuned.model.parameters[name] for name in ("motion.q", "radar.r")]
    np.testing.assert_allclose([one["params"][0], one["params"][2]], found, rtol=0.05)
    assert run.loglik == pytest.approx(fog.run(tuned.model, run.log, fog.KF()).loglik, abs=0.01)


def test_in_print_the_static_picture_stands(new_page, pages):
    page = shown(new_page, pages, "gain").page
    assert not page.is_visible("img") and page.is_visible(".live")
    page.emulate_media(media="print")
    assert page.is_visible("img") and not page.is_visible(".live")


def test_without_script_the_static_picture_stands(new_page, pages):
    page = new_page(java_script_enabled=False).page
    page.goto((pages / "gain.html").as_uri())
    assert page.is_visible("img")
    assert page.locator(".live").bounding_box()["height"] == 0


def test_the_switch_of_the_site_decides_over_the_system(new_page, pages):
    page = shown(new_page, pages, "gain", color_scheme="dark").page

    def card() -> str:
        return page.evaluate("getComputedStyle(document.querySelector('.live')).backgroundColor")

    dark = card()
    page.evaluate("document.body.dataset.theme = 'light'")
    light = card()
    page.emulate_media(color_scheme="light")
    page.evaluate("document.body.dataset.theme = 'auto'")
    assert light == card() == "rgb(255, 255, 255)" != dark
    page.evaluate("document.body.dataset.theme = 'dark'")
    assert card() == dark


def test_a_seed_is_the_same_noise_again(new_page, pages):
    page = shown(new_page, pages, "recursion").page
    [first] = page.evaluate(READ, "recursion")
    page.click("text=New noise")
    page.wait_for_timeout(60)
    [second] = page.evaluate(READ, "recursion")
    page.click("text=Reset")
    page.wait_for_timeout(60)
    [third] = page.evaluate(READ, "recursion")
    assert first == third and first["z"] != second["z"]
