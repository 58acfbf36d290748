"""The site in a browser: accessible, quiet, no wider than the screen, dark where that is wanted. By `make docs`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import Opened, serious

SITE = Path(__file__).parents[2] / "build" / "site"
PAGES = ("index.html", "lecture/05-best.html", "reference/api/run.html")
OTHERS = ("examples/README.html", "how-to/README.html", "reference/api.html", "changelog.html", "404.html")
WIDTHS = (360, 800, 1280)

Pages = Callable[..., Opened]


@pytest.fixture(autouse=True)
def built() -> None:
    if not (SITE / "index.html").is_file():
        pytest.skip("there is no site: run `make docs`")


def shown(new_page: Pages, name: str, **options: Any) -> Opened:
    opened = new_page(**options)
    opened.page.goto((SITE / name).as_uri())
    opened.page.wait_for_timeout(200)
    return opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_it_is_accessible(new_page, name, scheme):
    assert serious(shown(new_page, name, color_scheme=scheme).page) == []


@pytest.mark.parametrize("name", [*PAGES, "examples/README.html", "search.html"])
def test_nothing_is_asked_for_elsewhere_and_nothing_complains(new_page, name):
    opened = shown(new_page, name)
    assert [request for request in opened.requests if not request.startswith(SITE.as_uri())] == []
    assert [line for line in opened.console if line.startswith("error")] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*PAGES, *OTHERS])
def test_nothing_is_wider_than_the_screen(new_page, name, width):
    assert shown(new_page, name, width=width).page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_page_is_as_dark_as_the_reader_wants(new_page, scheme, dark):
    page = shown(new_page, "index.html", color_scheme=scheme).page
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    levels = [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3]]
    assert (sum(levels) < 3 * 128) is dark


def test_search_finds_a_name_without_a_server(new_page):
    page = new_page().page
    page.goto((SITE / "search.html").as_uri() + "?q=tune")
    page.wait_for_selector("#search-results li", timeout=10_000)
    assert "tune" in page.inner_text("#search-results").lower()


def test_formulas_need_no_script(new_page):
    page = shown(new_page, "lecture/05-best.html", java_script_enabled=False).page
    assert page.locator("math").count() > 5


def test_in_print_the_contents_are_left_out(new_page):
    page = shown(new_page, "index.html").page
    page.emulate_media(media="print")
    assert not page.is_visible(".sidebar-drawer")
