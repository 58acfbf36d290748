"""Hostile names in every text of a report stay text; in a browser: tests/browser/test_hostile.py."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from foglight.cli.main import main
from foglight.pictures.report.html import embedded, page_html
from unit.pictures.report.hostile import PAYLOADS, hostile_report
from unit.pictures.report.reading import blocks, document_of, parts_of
from unit.walk import LOG, RADAR


def test_there_are_sixty_of_them():
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_no_name_changes_what_the_page_is(payload, tmp_path):
    """The elements of the file are the same whatever a name is, and the document gives it back as it was."""
    texts = {"title": payload, "facts": [payload], payload: [{"name": payload}]}
    found = tmp_path / "page.html"
    found.write_text(page_html(texts), encoding="utf-8")
    plain = tmp_path / "plain.html"
    plain.write_text(page_html({"title": "x"}), encoding="utf-8")
    assert parts_of(found).tags == parts_of(plain).tags
    assert document_of(found) == texts


@pytest.mark.parametrize("payload", PAYLOADS[:2])
def test_every_text_of_a_user_reaches_the_page_as_text(payload, tmp_path):
    path = tmp_path / "r.html"
    hostile_report(path, payload)
    page = document_of(path)
    assert page["title"] == payload and page["tracks"][0] == payload
    assert (
        next(block for block in blocks(page, "lines") if block["title"] == "x")["y"]["label"]
        == f"x ({payload})"
    )
    assert path.read_text().count("</script") == 2
    assert list(tmp_path.iterdir()) == [path]


def test_surrogates_of_undecodable_file_names_can_be_written():
    assert "\\udce4" in embedded({"title": b"\xe4.csv".decode("utf-8", "surrogateescape")})


def test_hostile_files_of_the_command_line(tmp_path, monkeypatch):
    """File names with markup, and a model with markup in it: an error or a page, nothing outside the folder."""
    monkeypatch.chdir(tmp_path)
    name = "<img src=x onerror=alert(1)>"
    Path(f"{name}.csv").write_text(LOG)
    Path(f"{name}.toml").write_text(RADAR)
    done = CliRunner().invoke(main, ["report", f"{name}.toml", f"{name}.csv", "-o", f"{name}.html"])
    assert done.exit_code == 0, done.output
    assert document_of(Path(f"{name}.html"))["title"] == f"{name}.csv, filtered with {name}.toml"
    Path("bad.toml").write_text(RADAR.replace('name = "radar"', 'name = "</script><script>"'))
    refused = CliRunner().invoke(main, ["report", "bad.toml", f"{name}.csv", "-o", "bad.html"])
    assert refused.exit_code == 2 and not Path("bad.html").exists()
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}{end}" for end in (".csv", ".toml", ".html")
    } | {"bad.toml"}
