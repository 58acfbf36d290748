"""The directive `changelog`: the fragments of changelog.d, latest first, under what they are."""

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

FOLDER = Path(__file__).resolve().parents[2] / "changelog.d"
KINDS = {"added": "Added", "changed": "Changed", "fixed": "Fixed", "removed": "Removed"}


def fragments(kind: str) -> list[str]:
    """What was added, changed, fixed or removed."""
    found = sorted(FOLDER.glob(f"*.{kind}.md"), reverse=True)
    return [path.read_text(encoding="utf-8").strip() for path in found]


def listed(text: str) -> str:
    """A fragment as an item of a list, however many lines it has."""
    return "- " + "\n  ".join(text.removeprefix("- ").splitlines())


class Changelog(SphinxDirective):
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        for path in FOLDER.glob("*.md"):
            self.env.note_dependency(str(path))
        text = "\n\n".join(
            f"## {title}\n\n" + "\n".join(map(listed, fragments(kind)))
            for kind, title in KINDS.items()
            if fragments(kind)
        )
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("changelog", Changelog)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
