"""The tree of contents: pages keep no toctree of their own, so that they read well on a code host, too."""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parents[1]
TREE = {  # caption: folders and pages
    "Learn": ["lecture", "guide"],
    "Do": ["how-to", "examples"],
    "Look up": ["reference", "changelog"],
    "Understand": ["explanation", "trust"],
    "For developers": ["architecture", "decisions"],
}


def toctree(entries: list[str], caption: str = "") -> str:
    head = f":caption: {caption}\n" if caption else ""
    return "\n\n```{toctree}\n:hidden:\n:glob:\n" + head + "\n" + "\n".join(entries) + "\n```\n"


def entry(name: str) -> str:
    """A folder by its README, which has its pages below it, or by all its pages where it has none."""
    if not (DOCS / name).is_dir():
        return name
    return f"{name}/README" if (DOCS / name / "README.md").exists() else f"{name}/*"


def on_source_read(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == "index":
        for caption, names in TREE.items():
            there = [entry(name) for name in names if list(DOCS.glob(f"{name}.md")) or (DOCS / name).is_dir()]
            source[0] += toctree(there, caption)
    elif docname == "reference/api":
        source[0] += toctree(["api/*"])
    elif docname.endswith("/README"):
        source[0] += toctree(["*"])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", on_source_read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
