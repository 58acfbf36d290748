"""Formulas become MathML when the site is built: a browser needs no script and no font for them."""

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

LOG = logging.getLogger(__name__)
UNKNOWN = re.compile(r"\\[a-zA-Z]+")


def written(latex: str, display: str, node: nodes.Node) -> str:
    """MathML of a formula; what is not understood is a warning, and so an error of `make docs`."""
    try:
        found = convert(latex.strip(), display=display)
    except Exception as error:  # of whatever kind: the formula and its page are what the writer needs
        LOG.warning("formula %r: %s", latex, error, location=node)
        return ""
    if unknown := UNKNOWN.findall(found):
        LOG.warning("formula %r: %s is not understood", latex, ", ".join(unknown), location=node)
    return found


def inline(self: Any, node: nodes.Element) -> None:
    self.body.append(written(node.astext(), "inline", node))
    raise nodes.SkipNode


def block(self: Any, node: nodes.Element) -> None:
    self.body.append(f'<div class="math">{written(node.astext(), "block", node)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
