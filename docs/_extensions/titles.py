"""Links that are called by the file they lead to, which reads well on a code host, have the title of that page here."""

import posixpath
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

FILE = re.compile(r"[\w./-]+\.md")


def on_doctree_resolved(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for link in doctree.findall(nodes.reference):
        if FILE.fullmatch(link.astext()):
            address = posixpath.join(
                posixpath.dirname(docname), str(link.get("refuri", "")).partition("#")[0]
            )
            title = app.env.titles.get(posixpath.normpath(address).removesuffix(".html"))
            if title is not None:
                link.children = []
                link += nodes.inline("", title.astext())


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-resolved", on_doctree_resolved)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
