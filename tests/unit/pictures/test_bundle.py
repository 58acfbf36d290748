"""The bundle that ships in the wheel: made from the source in web/, small, and in the colours of the project."""

import gzip
import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

from foglight.pictures import colours
from foglight.pictures.report.html import PAGE, bundle

pytestmark = pytest.mark.check

WEB = Path(__file__).parents[3] / "web"


def source_hash() -> str:
    """As web/vite.config.js computes it: each name and its text, in the order of the names."""
    named = [WEB / name for name in ("package.json", "tsconfig.json", "vite.config.js")]
    found = hashlib.sha256()
    for path in sorted([*named, *(WEB / "src").iterdir()], key=lambda path: path.relative_to(WEB).as_posix()):
        found.update(f"{path.relative_to(WEB).as_posix()}\0{path.read_text(encoding='utf-8')}\0".encode())
    return found.hexdigest()


def test_it_was_built_from_its_source():
    built = json.loads((PAGE / "built.json").read_text())
    assert built["source"] == source_hash(), "web/ has changed: run `make web`"
    for name, file in (("script", "page.js"), ("style", "page.css")):
        assert built[name] == hashlib.sha256((PAGE / file).read_bytes()).hexdigest(), (
            f"{file} was edited by hand"
        )


def test_it_is_small_and_loads_nothing():
    text = bundle("page.js") + bundle("page.css")
    assert len(gzip.compress(text.encode(), 9)) < 150_000
    assert not re.search(r"</script|<!--|</style", text, re.IGNORECASE)
    assert not re.search(
        r"\b(XMLHttpRequest|sendBeacon|EventSource|importScripts)\b|innerHTML|\beval\(", text
    )


def test_its_colours_are_those_of_every_picture():
    style = (WEB / "src" / "style.css").read_text()
    found = dict(re.findall(r"--([a-z]+): (#[0-9A-F]{6});", style))
    for role, name in (
        ("alarm", "WRONG"),
        *((name.lower(), name) for name in ("MEASURED", "PREDICTED", "FILTERED")),
    ):
        assert found[role] == getattr(colours, name)
    for name in ("SMOOTHED", "TRUTH", "BOUND"):
        assert found[name.lower()] == getattr(colours, name)
    numbered = ("one", "two", "three", "four", "five", "six", "seven", "eight")
    assert [found[name] for name in numbered] == [colours.of_series(k) for k in range(8)]


def test_versions_are_pinned_and_no_file_names_a_download():
    package = json.loads((WEB / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values()), versions
    assert not [*WEB.glob("*lock*"), *WEB.glob("npm-shrinkwrap.json")]


def test_the_licence_of_what_is_inside_goes_with_it():
    assert "MIT License" in (PAGE / "LICENSE-uPlot.txt").read_text()
    build = tomllib.loads((WEB.parent / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert "/web" in build["targets"]["sdist"]["include"]
