"""The studio in a browser: curves follow sliders at once, auto-tune ends, and nothing else runs or is asked for."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import foglight as fog
from browser.conftest import Opened, serious
from foglight.data.column_files import write_log
from foglight.pictures.studio.given import Given
from foglight.pictures.studio.lesson import lesson
from foglight.pictures.studio.opening import opened
from foglight.pictures.studio.server import Studio

for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package, reason="the extra studio is not installed")

FOG = Path(__file__).parents[2] / "examples" / "fog"
ROWS = 10_000
LIMIT = 50.0  # ms, of 95 % of the moves
Pages = Callable[..., Opened]
Serve = Callable[[Given], Studio]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a studio until the end of the test."""
    running = []

    def begun(given: Given, **options: bool) -> Studio:
        studio = Studio(given, 8200, **{"stay": True, **options})
        thread = threading.Thread(target=studio.run, daemon=True)
        thread.start()
        studio.thread = thread  # type: ignore[attr-defined]
        running.append(studio)
        return studio

    yield begun
    for studio in running:
        studio._end()
        studio.thread.join(20)  # type: ignore[attr-defined]


def shown(new_page: Pages, studio: Studio, **options) -> Opened:
    found = new_page(**options)
    found.page.goto(studio.url)
    found.page.wait_for_selector("html[data-ready]")
    found.page.wait_for_selector("#states .uplot")
    return found


def curves(page) -> str:
    """The picture of the states, as it is on the screen."""
    return page.evaluate("document.querySelector('#states canvas').toDataURL()")


def fact(page) -> float:
    return float(page.locator(".facts li", has_text="log-likelihood").inner_text().split()[-1])


def test_a_slider_moves_the_curves(new_page, serve):
    studio = serve(lesson())
    found = shown(new_page, studio)
    page, before = found.page, curves(found.page)
    old = fact(page)
    slider = page.locator("input[type=range]").first
    assert slider.get_attribute("aria-label") == "q, process variance (m²/s)"
    slider.focus()
    at = int(slider.input_value())
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(800)
    assert int(slider.input_value()) == at + 30  # no picture of an earlier move has put it back
    value = float(page.locator("input[type=number]").first.input_value())
    given = lesson()
    expected = fog.run(given.model.with_parameters({"motion.std": value**0.5}), given.log).loglik
    assert value > 0.2 and fact(page) == pytest.approx(expected, rel=1e-4) and fact(page) != old
    assert curves(page) != before
    page.keyboard.press("Control+z")
    page.wait_for_timeout(500)
    assert float(page.locator("input[type=number]").first.input_value()) < value
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.5 * box["height"], steps=8)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert float(page.locator("input[type=number]").first.input_value()) > 10.0
    host = f"127.0.0.1:{studio.port}"
    assert all(url.startswith((f"http://{host}/", f"ws://{host}/", "data:")) for url in found.requests)
    assert found.console == [] and found.dialogs == []


def test_auto_tune_ends_and_is_undone(new_page, serve):
    found = shown(new_page, serve(lesson()))
    page = found.page
    page.click("text=Auto-tune")
    page.wait_for_selector("html[data-tuned]", timeout=60_000)
    page.wait_for_timeout(1_500)
    fit = fog.tune(lesson().model, lesson().log, heldout=False)
    values = [float(page.locator("input[type=number]").nth(k).input_value()) for k in range(2)]
    assert values == pytest.approx([value**2 for value in fit.params.values()], rel=1e-3)
    assert "95 %" in page.locator(".fitted").first.inner_text()
    assert "log-likelihood" in page.locator("[role=status]").inner_text()
    page.click("text=Undo")
    page.wait_for_timeout(500)
    assert float(page.locator("input[type=number]").first.input_value()) == pytest.approx(0.16)
    assert found.console == []


def test_a_click_opens_the_numbers_of_a_row(new_page, serve):
    page = shown(new_page, serve(lesson())).page
    target = page.locator("#states .u-over").first
    box = target.bounding_box()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_selector(".row h2:has-text('Row 1')")
    k = int(page.locator(".row h2").inner_text().split()[-1])
    assert 140 <= k <= 160
    run = fog.run(lesson().model, lesson().log)
    assert f"{run.filtered.mean[k, 0]:.5g}"[:6] in page.locator(".row").inner_text()
    page.wait_for_selector(f"h3:has-text('in row {k}')")
    page.mouse.move(5, 5)  # the cursor of a picture follows the mouse, too
    page.locator("#states .plot").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_selector(".row h2:has-text('Row 299')")


def test_switches_overlay_and_a_sensor_that_fails(new_page, serve):
    found = shown(new_page, serve(lesson()))
    page = found.page
    page.check("label:has-text('UKF') input")
    page.wait_for_selector("#states .legend:has-text('UKF')")
    page.select_option("select[aria-label=Method]", "ukf")
    page.wait_for_selector(".facts:has-text('UKF()')")
    page.check("label:has-text('Huber') input")
    page.wait_for_selector(".facts:has-text('huber=1.5')")
    page.fill("input[aria-label='Row from which it fails']", "100")
    page.click("text=Leave out")
    page.wait_for_selector(".note:has-text('from row 100 on')")
    page.click("text=bring it back")
    page.wait_for_selector(".note", state="detached")
    page.fill("input[aria-label='Gate: probability']", "2")
    page.check("label:has-text('Gate') input")
    page.wait_for_selector("[role=alert]:has-text('expected a probability')")
    assert found.console == []


def test_it_saves_downloads_and_copies(new_page, serve, tmp_path):
    for name in ("pedestrian.toml", "pedestrian.csv"):
        (tmp_path / name).write_text((FOG / name).read_text())
    given = opened(str(tmp_path / "pedestrian.toml"), tmp_path / "pedestrian.csv", None, {})
    page = shown(new_page, serve(given), permissions=["clipboard-read", "clipboard-write"]).page
    page.locator("input[type=number]").first.fill("1.25")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    page.click("button:text-is('Save')")
    page.wait_for_selector("[role=status]:has-text('Saved as tuned.toml')")
    assert fog.load_model(tmp_path / "tuned.toml")[0].parameters["motion.accel"] == 1.25
    with page.expect_download() as download:
        page.click("text=Download TOML")
    download.value.save_as(tmp_path / "down.toml")
    assert (tmp_path / "down.toml").read_text() == (tmp_path / "tuned.toml").read_text()
    page.click("text=Copy Python")
    page.wait_for_selector("[role=status]:has-text('clipboard')")
    assert "model.with_parameters" in page.evaluate("navigator.clipboard.readText()")
    page.fill("input[aria-label='Name of the new file']", "../../evil.toml")
    page.click("button:text-is('Save')")
    page.wait_for_selector("[role=alert]:has-text('expected a plain file name')")


def test_a_dropped_log_with_a_hostile_name_is_only_shown(new_page, serve, tmp_path):
    found = shown(new_page, serve(lesson()))
    name = "<img src=x onerror=alert(1)>.csv"
    (tmp_path / name).write_text("time,radar\n0,1\n0.5,1.5\n1,1.2\n")
    found.page.set_input_files("input[type=file]", tmp_path / name)
    found.page.wait_for_selector(".facts:has-text('3 rows')")
    assert name in found.page.locator(".facts").inner_text()
    (tmp_path / "evil.py").write_text("raise SystemExit")
    found.page.set_input_files("input[type=file]", tmp_path / "evil.py")
    found.page.wait_for_selector("[role=alert]:has-text('expected a CSV or Parquet file')")
    assert found.dialogs == [] and found.page.locator("img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_accessible(new_page, serve, scheme, width):
    page = shown(new_page, serve(lesson()), width=width, color_scheme=scheme).page
    page.locator("#states .plot").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_selector(".row table")
    for details in page.query_selector_all("details:not([open]) summary"):
        details.click()
    assert serious(page) == []


@pytest.mark.parametrize("width", [360, 800, 1280, 3840])
def test_nothing_is_wider_than_the_screen(new_page, serve, width):
    page = shown(new_page, serve(lesson()), width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_studio_ends_with_its_last_tab(new_page, serve):
    studio = serve(lesson(), stay=False)
    found = shown(new_page, studio)
    found.page.reload()
    found.page.wait_for_selector("html[data-ready]")
    assert studio.thread.is_alive()
    found.page.close()
    studio.thread.join(20)
    assert not studio.thread.is_alive()


LINE = """
[motion]
kind = "constant_velocity"
axes = ["gap"]
accel = 0.4

[[sensor]]
name = "radar"
kind = "linear"
of = ["gap"]
std = 0.5

[start]
mean = [5, 0]
std = [5, 1]
"""
PAINTED = """
const measured = performance.measure.bind(performance);
performance.measure = (name, { start, end }) => {
  const next = new MessageChannel();
  next.port1.onmessage = () => measured("painted", { start, end: performance.now() });
  if (name === "move") requestAnimationFrame(() => next.port2.postMessage(0));
  return measured(name, { start, end });
};
"""


@contextmanager
def _process(case: str, folder: Path) -> Iterator[str]:
    """The URL of a studio in a process of its own, as a user has it, with a log of so many rows."""
    path = FOG / "pedestrian.toml"
    if case == "KF":
        path = folder / "line.toml"
        path.write_text(LINE)
    model, _ = fog.load_model(path)
    write_log(folder / "log.csv", fog.simulate(model, ROWS, 0.001 if case == "EKF" else 0.1, seed=1)[0])
    command = [sys.executable, "-c", "from foglight.cli.main import main; main()", "studio", "--no-browser"]
    command += ["--stay", "--port", "8250", "--method", case.lower(), str(path), str(folder / "log.csv")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield next(line.partition("Studio: ")[2].strip() for line in process.stdout if "Studio: " in line)
        finally:
            process.terminate()


def _slowdown() -> float:
    """How many times longer work takes than its processor time, because of other processes; 1 on a quiet machine."""
    wall, own = time.perf_counter(), time.thread_time()
    while time.thread_time() - own < 0.1:
        np.linalg.norm(np.arange(10_000.0))
    return (time.perf_counter() - wall) / (time.thread_time() - own)


@pytest.mark.parametrize("case", ["KF", "EKF"])
def test_curves_follow_a_slider_within_50_ms(new_page, tmp_path, case):
    """From the event of the slider to curves of 10,000 rows on the canvas, the best of three to six drags.

    A move that had to wait for the one before counts from its own event. The limit is that of a quiet machine; what
    other processes take is measured before and after each drag. `painted`: until the frame with the curves is made.
    """
    with _process(case, tmp_path) as url:
        page = new_page().page
        page.add_init_script(PAINTED)
        page.goto(url)
        page.wait_for_selector("#states .uplot")
        found = []
        for _ in range(6):
            curves, painted, slowdown = _drag(page)
            text = "ms of 50 %, 95 % of the moves: {:.1f}, {:.1f}; painted {:.1f}, {:.1f}; slowdown {:.2f}"
            print(case, ROWS, "rows,", text.format(*curves, *painted, slowdown))
            found.append(curves[1] / max(slowdown, 1.0))
            if len(found) >= 3 and min(found) < LIMIT:
                return
    raise AssertionError(f"ms of 95 % of the moves, without other processes: {found}")


def _drag(page) -> tuple[list[float], list[float], float]:
    """Drag the first slider: ms of 50 and 95 % of its moves, until curves and until frames, and the slowdown."""
    box = page.locator("input[type=range]").first.bounding_box()
    middle, busy = box["y"] + 0.5 * box["height"], _slowdown()
    page.evaluate("performance.clearMeasures()")
    page.mouse.move(box["x"] + 0.5 * box["width"], middle)
    page.mouse.down()
    for k in range(80):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.3 * np.sin(k / 8)), middle)
        page.wait_for_timeout(40)
    page.mouse.up()
    page.wait_for_timeout(400)
    spent = []
    for name in ("move", "painted"):
        moves = page.evaluate(f"performance.getEntriesByName('{name}').map(one => one.duration)")
        assert len(moves) > 20
        spent.append(np.percentile(moves, [50, 95]).tolist())
    return spent[0], spent[1], 0.5 * (busy + _slowdown())
