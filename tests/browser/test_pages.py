"""Pages in a browser, at three widths: nothing is cut off, nothing is too small to be read, no picture is missing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import Opened

SITE = Path(__file__).parents[2] / "build" / "site"
WIDTHS = (360, 1280, 2560)
SMALLEST = 12  # pixels of a letter
# One page of each kind; those with many tables, long code, formulas and figures.
PAGES = (
    "index.html",
    "lecture/02-bayes.html",
    "guide/choose-a-filter.html",
    "guide/troubleshooting.html",
    "how-to/README.html",
    "how-to/own-log.html",
    "how-to/helper-states.html",
    "examples/README.html",
    "explanation/how-it-works-3.html",
    "trust/filters.html",
    "reference/api.html",
    "reference/api/run.html",
    "reference/check.html",
    "architecture.html",
)

FOUND = """smallest => {
    const found = [], column = document.querySelector("article").getBoundingClientRect().right + 1;
    const scrolls = e => { for (; e; e = e.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(e).overflowX)) return true; return false; };
    if (document.documentElement.scrollWidth > innerWidth) found.push(`wider than the screen`);
    for (const e of document.querySelectorAll("article :is(table, pre, img, svg, math, .live)"))
        if (e.getBoundingClientRect().right > column && !scrolls(e)) found.push(`cut off: ${e.outerHTML.slice(0, 80)}`);
    for (const e of document.querySelectorAll("article img")) {
        if (!e.alt) found.push(`without a text: ${e.src}`);
        if (e.complete && !e.naturalWidth) found.push(`missing: ${e.src}`);
    }
    for (const e of document.querySelectorAll("math"))
        if (e.getBoundingClientRect().width < 2) found.push(`empty formula: ${e.textContent}`);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = new Set();
    while (texts.nextNode()) {
        const e = texts.currentNode.parentElement, size = parseFloat(getComputedStyle(e).fontSize);
        if (!texts.currentNode.textContent.trim() || !e.getClientRects().length) continue;
        if (size < smallest && !e.closest("math, script, svg")) seen.add(`${size} px: ${e.tagName} ${e.className}`);
    }
    return [...found, ...seen];
}"""

Pages = Callable[..., Opened]


@pytest.fixture(autouse=True)
def built() -> None:
    if not (SITE / "index.html").is_file():
        pytest.skip("there is no site: run `make docs`")


@pytest.mark.parametrize("width", WIDTHS)
def test_everything_can_be_read(new_page: Pages, width: int) -> None:
    opened = new_page(width=width)
    found: dict[str, Any] = {}
    for name in PAGES:
        opened.page.goto((SITE / name).as_uri())
        found[name] = opened.page.evaluate(FOUND, SMALLEST)
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert [line for line in opened.console if line.startswith("error")] == []


def test_a_page_that_is_too_wide_or_too_small_is_found(new_page: Pages) -> None:
    page = new_page(width=360).page
    page.set_content(
        "<body style='margin:0'><article><table style='width:500px'><tr><td>wide</table>"
        "<p style='font-size:9px'>small</p><img src='data:image/png;base64,AA'></article>"
    )
    page.wait_for_timeout(50)
    found = " ".join(page.evaluate(FOUND, SMALLEST))
    for fault in ("wider than the screen", "cut off: <table", "9 px: P", "without a text", "missing"):
        assert fault in found, fault


def test_code_in_a_table_breaks_where_a_word_ends(new_page: Pages) -> None:
    """`foglight.Motion` in a narrow column is two lines, `foglight.` and `Motion`, and not six."""
    page = new_page(width=360).page
    page.goto((SITE / "reference/api.html").as_uri())
    lines = "[...document.querySelectorAll('article td code')].map(e => [e.textContent, e.getClientRects().length])"
    for name, count in page.evaluate(lines):
        assert count <= 1 + sum(name.count(mark) for mark in "._/( "), name


def test_a_figure_can_be_read_on_a_telephone_and_opens_by_itself(new_page: Pages) -> None:
    page = new_page(width=360).page
    page.goto((SITE / "how-to/own-log.html").as_uri())
    figure = page.locator("p.picture img")
    assert figure.evaluate("e => e.getBoundingClientRect().width / e.naturalWidth") > 0.85
    assert page.locator("p.picture a").get_attribute("href") == figure.get_attribute("src")
