"""Links from pages to files of the project lead to pages of this site that show these files."""

import os
import re
import shutil
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
LINK = re.compile(r"(?<!!)(\[(?:[^\[\]]|!?\[[^\]]*\]\([^)]*\))*\]\()([^)\s#:]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
RAW = {".csv", ".parquet", ".pdf", ".png", ".svg"}  # copied as they are, to be downloaded
SHOWN = ("src/foglight/**/*.py", "examples/**/*.py")


def is_page(path: Path) -> bool:
    return path.suffix == ".md" and DOCS in path.parents


def target_of(page: Path, link: str) -> str | None:
    """The address of what a page links to: of a source, or None where it is a page of the site or nothing at all."""
    found = (page.parent / link).resolve()
    if found.is_dir() and is_page(found / "README.md"):
        return os.path.relpath(found / "README.md", page.parent)
    if not found.exists() or is_page(found) or ROOT not in found.parents:
        return None
    return f"source:{found.relative_to(ROOT)}"


def rewritten(page: Path, text: str) -> str:
    """The text of a page, with links to sources marked as such; code is left alone."""

    def mended(match: re.Match[str]) -> str:
        target = target_of(page, match[2])
        return f"{match[1]}{target}{match[3] or ''})" if target else match[0]

    parts, end = [], 0
    for fence in FENCE.finditer(text):
        parts += [LINK.sub(mended, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, LINK.sub(mended, text[end:])])


def on_source_read(app: Sphinx, docname: str, source: list[str]) -> None:
    path = Path(app.env.doc2path(docname))
    if path.suffix == ".md":
        source[0] = rewritten(path, source[0])


@cache
def sources() -> list[Path]:
    """Every file that has a page: the package, the examples, and what pages link to."""
    found = {path for pattern in SHOWN for path in ROOT.glob(pattern)}
    for page in DOCS.rglob("*.md"):
        for link in re.findall(r"\]\(source:([^)#]+)", rewritten(page, page.read_text(encoding="utf-8"))):
            found.add(ROOT / link)
    return sorted(found)


def address(name: str) -> str:
    return f"source/{name.rstrip('/')}"


def on_doctree_resolved(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Marked links become relative addresses."""
    for node in doctree.findall(nodes.reference):
        if str(node.get("refuri", "")).startswith("source:"):
            name, _, fragment = node["refuri"].removeprefix("source:").partition("#")
            raw = Path(name).suffix in RAW
            here = app.builder.get_target_uri(docname)
            there = address(name) if raw else app.builder.get_target_uri(address(name))
            uri = os.path.relpath(there, os.path.dirname(here) or ".")
            node["refuri"] = f"{uri}#{fragment}" if fragment else uri
            node["internal"] = True


def body(path: Path) -> str:
    """A file with its line numbers, or what is in a folder."""
    name = escape(str(path.relative_to(ROOT)))
    if path.is_dir():
        items = sorted(one for one in path.iterdir() if one in set(sources()))
        rows = "".join(
            f'<li><a href="{path.name}/{one.name}.html">{escape(one.name)}</a></li>' for one in items
        )
        return f"<h1>{name}</h1><ul>{rows}</ul>"
    text = path.read_text(encoding="utf-8")
    try:
        lexer = get_lexer_for_filename(path.name)
    except ClassNotFound:
        lexer = TextLexer()
    shown = HtmlFormatter(lineanchors="L", linenos="inline", cssclass="highlight source")
    marked = re.sub(r'<a id="L-(\d+)" name="L-\d+">', r'<a id="L\1">', highlight(text, lexer, shown))
    return f"<h1>{name}</h1>{marked}"


def page(path: Path, back: str) -> str:
    """A small page of its own: the tree of contents would take longer to set than the file."""
    name = escape(str(path.relative_to(ROOT)))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}: Foglight</title><link rel="icon" href="{back}_static/favicon.svg">
<link rel="stylesheet" href="{back}_static/pygments.css"><link rel="stylesheet" href="{back}_static/site.css">
</head><body class="listing"><nav><a href="{back}index.html">Foglight</a></nav><main>{body(path)}</main></body></html>
"""


def write_sources(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    for path in sources():
        name = address(str(path.relative_to(ROOT)))
        there = Path(app.outdir) / (name if path.suffix in RAW else f"{name}.html")
        there.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in RAW:
            shutil.copyfile(path, there)
        else:
            there.write_text(page(path, "../" * name.count("/")), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", on_source_read)
    app.connect("doctree-resolved", on_doctree_resolved)
    app.connect("build-finished", write_sources)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
