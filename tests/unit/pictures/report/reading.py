"""A report as a browser reads it: its parts, its document, and the numbers in its columns."""

import base64
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np


@dataclass
class Parts(HTMLParser):
    """The elements of a page in order, with their attributes, and the text inside scripts and styles."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    inside: dict[str, list[str]] = field(default_factory=dict)
    _open: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._open = tag if tag in ("script", "style", "title") else ""
        if self._open:
            self.inside.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open:
            self.inside[self._open][-1] += data


def parts_of(path: Path) -> Parts:
    found = Parts()
    found.feed(path.read_text(encoding="utf-8"))
    found.close()
    return found


def document_of(path: Path) -> dict[str, Any]:
    """The JSON document of a report."""
    return json.loads(parts_of(path).inside["script"][0])


def numbers(page: dict[str, Any], column: int) -> np.ndarray:
    """The numbers of a column, by the description in docs/reference/page-data.md."""
    stored = page["columns"][column]
    raw = np.frombuffer(base64.b64decode(stored["data"]), {"f4": "<f4", "f8": "<f8"}[stored["type"]])
    return raw.astype(float) + stored["offset"]


def blocks(page: dict[str, Any], kind: str = "") -> list[dict[str, Any]]:
    """All blocks of a kind, in order."""
    found = [block for section in page["sections"] for block in section["blocks"]]
    return [block for block in found if kind in ("", block["kind"])]


def titled(page: dict[str, Any], title: str, track: int | None = None) -> dict[str, Any]:
    """The only block with this title, of a track if there are several."""
    [found] = [b for b in blocks(page) if b["title"] == title and track in (None, b.get("track"))]
    return found


def curve(page: dict[str, Any], block: dict[str, Any], name: str) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the curve with this name."""
    [series] = [series for series in block["series"] if series["name"] == name]
    return numbers(page, block["x"]["column"]), numbers(page, series["y"])
