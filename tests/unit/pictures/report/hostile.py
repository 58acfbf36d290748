"""Names that would run, or break out of where they stand, if a page took them for more than text.

Each sets `window.ran` if it runs. They stand wherever a user's text reaches a page: units, titles, tracks, files.
"""

from pathlib import Path
from typing import Any

import numpy as np

import foglight as fog

RUN = "window.ran=1"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</SCRIPT ><script>{RUN}</script >",
    f"</script\n><script>{RUN}//",
    f"<!--<script>{RUN}",
    f"--><script>{RUN}</script>",
    f"<!--</script><script>{RUN}</script>-->",
    f"]]><script>{RUN}</script>",
    f"<![CDATA[</script><script>{RUN}</script>]]>",
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</noscript><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<img src=x onerror='{RUN}'>",
    f'"><img src=x onerror="{RUN}">',
    f"'><img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><use href=\"data:image/svg+xml,<svg id='a' onload='{RUN}'/>#a\">",
    f"<math><mtext></mtext><script>{RUN}</script></math>",
    f"<body onload={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<iframe src=javascript:{RUN}>",
    f'<iframe srcdoc="<script>parent.{RUN}</script>">',
    f"<object data=javascript:{RUN}>",
    f"<embed src=javascript:{RUN}>",
    f"<a href=javascript:{RUN} autofocus>x</a>",
    f"javascript:{RUN}",
    f"jav\tascript:{RUN}",
    f"<form action=javascript:{RUN}><button>x</button></form>",
    f"<base href=javascript:{RUN}//>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    "<link rel=stylesheet href=data:text/css,*{display:none}>",
    f"<style>*{{background:url(javascript:{RUN})}}</style>",
    f"<div style=\"width:expression({RUN})\">",
    f'" onmouseover="{RUN}" x="',
    f"' onfocus='{RUN}' autofocus='",
    f"` onfocus={RUN} `",
    f"${{{RUN}}}",
    f"{{{{{RUN}}}}}",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f'";{RUN};"',
    f"';{RUN};'",
    f"\\\";{RUN};//",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;",
    f"\u2028{RUN}\u2029",
    f"\x00<script>{RUN}</script>",
    f"\u202e</script><script>{RUN}</script>",
    f"＜script＞{RUN}＜/script＞",
    '"},"sections":[],"x":{"y":"',
    "../../../etc/passwd\x00.html",
    "__proto__",
    "a" * 5_000,
]  # fmt: skip


def renamed(document: Any, name: str, payload: str) -> Any:
    """The document of a page with a payload in place of a name, wherever that stands in a text."""
    if isinstance(document, dict):
        return {key: renamed(value, name, payload) for key, value in document.items()}
    if isinstance(document, list):
        return [renamed(value, name, payload) for value in document]
    return document.replace(name, payload) if isinstance(document, str) else document


def hostile_report(path: Path, payload: str) -> None:
    """A report in which every text that a user can choose is the payload."""
    motion = fog.Motion(
        ("x", "y"), lambda x, dt, p: list(x), lambda x, dt, p: [[p.q * dt, 0.0], [0.0, 2.0 * p.q * dt]],
        params={"q": 0.5}, units={"x": payload, "y": payload, "q": payload}, groups={"level": ("x",)},
    )  # fmt: skip
    sensor = fog.Sensor(
        "s", ("x", "y"), lambda x, p: [x.x, x.y], lambda x, p: [[1.0, 0.2], [0.2, p.r]], params={"r": 2.0},
        units={"x": payload, "y": payload, "r": payload},
    )  # fmt: skip
    model = fog.Model(motion, [sensor], fog.Belief([0.0, 1.0], std=[1.0, 2.0], names=("x", "y")))
    z = np.random.default_rng(7).standard_normal((60, 2))
    z[[12, 40]] = 60.0
    track = [payload] * 30 + ["other"] * 30
    run = fog.run(model, fog.Log.from_arrays(np.tile(np.arange(30) * 0.5, 2), track=track, s=z))
    fog.report(run, path, title=payload)
