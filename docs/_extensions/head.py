"""What is added to each page: a social card, the script of live figures, and what keys and screen readers need."""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

STATIC = Path(__file__).resolve().parents[1] / "_static"
SUMMARY = "See through the noise: a Kalman-filter compiler for Python."


LONG_LISTS = {"reference/api": "reference/api.html", "decisions/": "decisions/README.html"}


def without_children(tree: str, address: str) -> str:
    """A tree of contents without what is below one page: a hundred lines that only its own pages need."""
    begin = tree.find("</a>", tree.find(f'{address}"'))
    end = tree.find("</ul>", begin)
    if (
        f'{address}"' not in tree
        or "<ul>" not in tree[begin:end]
        or "</li>" in tree[begin : tree.find("<ul>", begin)]
    ):
        return tree
    return tree[: begin + len("</a>")] + tree[end + len("</ul>") :]


PICTURE = re.compile(r'<p>(<img [^>]*src="([^"]+)"[^>]*/?>)</p>')
LONG_CODE = re.compile(r'(?<=<span class="pre">)[^<]{12,}')
BREAK = re.compile(r"(?<=[^\W\d][./_(])(?=[\w\"'&]{3})|(?<=[\[{,=:|])(?=[\w\"'&.-]{3})|(?<=\w{30})(?=\w)")
OUTPUT = re.compile(
    r'(<div class="highlight-(?:text|console) notranslate)("><div class="highlight"><pre>)(.*?)</pre>', re.S
)


def broken_well(code: re.Match[str]) -> str:
    """Code with places where a line may end: after a dot, an underscore, a comma or the like, not within a number."""
    return re.sub(BREAK, "<wbr>", code[0])


def sentences(output: re.Match[str]) -> str:
    """What was printed, marked where it is no table: its long lines are wrapped, and need no scrolling."""
    return output[0] if "  " in output[3] else f"{output[1]} sentences{output[2]}{output[3]}</pre>"


def readable(body: str) -> str:
    """What a narrow screen needs: code and sentences that know where to break, and pictures that open by themselves."""
    body = OUTPUT.sub(sentences, body)
    body = PICTURE.sub(r'<p class="picture"><a href="\2">\1</a></p>', body)
    body = LONG_CODE.sub(broken_well, body)
    return body.replace("<pre>", '<pre tabindex="0">')  # so that keys can scroll it


def on_page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    base = app.config.html_baseurl
    card = base.rstrip("/") + "/_static/card.png" if base else context["pathto"]("_static/card.png", 1)
    title = str(context.get("title", "Foglight")).replace('"', "&quot;")
    tags = {"og:title": title, "og:type": "website", "og:description": SUMMARY, "og:image": card}
    written = "".join(f'<meta property="{name}" content="{value}" />\n' for name, value in tags.items())
    context["metatags"] = (
        context.get("metatags", "") + written + f'<meta name="description" content="{SUMMARY}" />\n'
    )
    context["home"] = base.rstrip("/") + "/" if base else "/"
    context["body"] = readable(context.get("body", ""))
    tree = context.get("furo_navigation_tree", "").replace('role="heading"', 'role="heading" aria-level="2"')
    for folder, page_of_it in LONG_LISTS.items():
        if not page.startswith(folder):
            tree = without_children(tree, page_of_it)
    context["furo_navigation_tree"] = tree
    if 'data-live="' in context.get("body", ""):
        for script in sorted(STATIC.glob("live*.js")):
            app.add_js_file(script.name, loading_method="defer")
        for style in sorted(STATIC.glob("live*.css")):
            app.add_css_file(style.name)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", on_page, priority=900)  # after the theme
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
