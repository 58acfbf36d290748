"""The page as one file: data, script and style in it, and a policy that lets nothing else run or be loaded."""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "page"  # the bundle that `make web` builds
_IN_MARKUP = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
_SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '{script_hash}'; \
style-src '{style_hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Foglight report</title>
<style>{style}</style>
</head>
<body>
<div id="page"><noscript>The pictures are drawn by a script in this file. Allow scripts to see them.</noscript></div>
<script type="application/json" id="page-data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def page_html(data: Mapping[str, Any]) -> str:
    """The page of a document. No text in it is read as markup or run: it is JSON, in which <, > and & are escaped, and
    the page makes text nodes of it."""
    script, style = (bundle(name) for name in ("page.js", "page.css"))
    return _SHELL.format(
        script=script, style=style, data=embedded(data), script_hash=_hash(script), style_hash=_hash(style)
    )


def embedded(data: Mapping[str, Any]) -> str:
    """A document as JSON that can stand in an HTML element."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for mark, escaped in _IN_MARKUP.items():
        text = text.replace(mark, escaped)
    return text


@cache
def bundle(name: str) -> str:
    """A file of the bundle."""
    return (PAGE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The hash by which a content security policy knows an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
