"""Sixty hostile names in every text of a report: in a browser, none runs, and none asks for anything."""

import pytest

from foglight.pictures.report.html import page_html
from unit.pictures.report.hostile import PAYLOADS, hostile_report, renamed
from unit.pictures.report.reading import document_of

NAME = "a-name-of-the-user"


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """Of a report with this name in every text that a user can choose."""
    path = tmp_path_factory.mktemp("named") / "report.html"
    hostile_report(path, NAME)
    return document_of(path)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_nothing_runs(new_page, payload, document, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page_html(renamed(document, NAME, payload)), encoding="utf-8")
    opened = new_page()
    page = opened.page
    page.goto(path.as_uri())
    page.wait_for_selector("[data-ready]")
    page.query_selector("figure.lines").hover()
    page.keyboard.press("Tab")
    page.evaluate("document.querySelectorAll('figure').forEach(one => one.scrollIntoView())")
    page.wait_for_timeout(50)
    assert page.evaluate("window.ran") is None
    assert opened.requests == [path.as_uri()] and opened.console == [] and opened.dialogs == []
    assert page.evaluate("document.querySelectorAll('script').length") == 2
    assert (
        page.evaluate(
            "document.querySelectorAll('img, iframe, object, embed, form, base, video, audio').length"
        )
        == 0
    )
    assert page.evaluate("document.querySelector('h1').textContent") == payload
