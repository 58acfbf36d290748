"""The script of the lecture's live figures: its kernels are those of `fog.run`, and it is made from what is in web/."""

import gzip
import hashlib
import importlib
import json
import re
import sys
from pathlib import Path

import pytest

from foglight.pictures import colours

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[3]
WEB, SCRIPT = ROOT / "web", ROOT / "docs" / "_static" / "live.js"
LIVE = WEB / "live"
SHARED = ("src/dom.ts", "tsconfig.json", "package.json")


def source_hash() -> str:
    """As web/live/vite.config.js computes it: each name and its text, in the order of the names."""
    own = [*LIVE.iterdir(), *(LIVE / "kernels").iterdir()]
    names = [*(path.relative_to(WEB).as_posix() for path in own), *SHARED]
    found = hashlib.sha256()
    for name in sorted(names):
        if re.search(r"\.(ts|js|css|json)$", name) and name != "live/built.json":
            found.update(f"{name}\0{(WEB / name).read_text(encoding='utf-8')}\0".encode())
    return found.hexdigest()


def test_it_was_built_from_its_source() -> None:
    built = json.loads((LIVE / "built.json").read_text())
    assert built["source"] == source_hash(), "web/live/ has changed: run `make web`"
    assert built["script"] == hashlib.sha256(SCRIPT.read_bytes()).hexdigest(), "live.js was edited by hand"


def test_its_kernels_are_those_of_its_models() -> None:
    """As they are compiled today: a change of an equation is a change of the pages."""
    sys.path.insert(0, str(ROOT))
    try:
        texts = importlib.import_module("tools.live_kernels").texts()
    finally:
        sys.path.remove(str(ROOT))
    there = {path.name: path.read_text(encoding="utf-8") for path in (LIVE / "kernels").iterdir()}
    assert there == texts, "the kernels have changed: run `make web`"


def test_it_is_small_and_loads_nothing() -> None:
    script = SCRIPT.read_text(encoding="utf-8")
    assert len(script) < 75_000 and len(gzip.compress(script.encode(), 9)) < 25_000
    calls = r"XMLHttpRequest|sendBeacon|EventSource|importScripts|fetch\(|innerHTML|\beval\(|@import|url\("
    assert not re.search(calls, script)
    assert re.findall(r"https?://[^\"'`]*", script) == ["http://www.w3.org/2000/svg"]  # the name of SVG


def test_its_colours_are_those_of_every_picture() -> None:
    found = dict(re.findall(r"--([a-z]+): (#[0-9A-F]{6});", (LIVE / "live.css").read_text()))
    for role in ("MEASURED", "PREDICTED", "FILTERED", "TRUTH", "BOUND"):
        assert found[role.lower()] == getattr(colours, role)
    assert found["alarm"] == colours.WRONG
    assert [found["one"], found["two"]] == [colours.of_series(k) for k in range(2)]
