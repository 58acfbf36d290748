"""Make the figures of pages: run each page and keep what it saves, beside it in `figures/`.

    python -m tools.page_figures [PAGE ...]     # without pages: all pages of docs/ with figures

A page saves a figure by `figure.savefig("NAME.svg")` and shows it by `![...](figures/NAME.svg)`. The same page gives
the same bytes: text stays text, identifiers are hashed with a fixed salt, and no date is written.
"""

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"(?<!\[)!\[[^\]]*\]\(figures/([\w-]+\.svg)\)")  # not a thumbnail, which is inside a link
SAVED = re.compile(r"""savefig\(\s*f?["']([\w-]+\.svg)["']""")
LARGEST = 60_000  # bytes of a figure
GALLERY = ROOT / "docs" / "examples"  # whose contents show each figure as a thumbnail
THUMBNAIL = 32  # dots per inch


def shown(text: str) -> set[str]:
    """The figures that a page shows."""
    return set(SHOWN.findall(text))


def saved(text: str) -> set[str]:
    """The figures that the code of a page saves."""
    return {name for block in FENCE.findall(text) for name in SAVED.findall(block)}


def rounded(svg: str) -> str:
    """The picture with its points rounded to hundredths, which nobody can see: a third less to send."""

    def shorter(match: re.Match[str]) -> str:
        return re.sub(r"(\d\.\d\d)\d+", r"\1", match[0])

    return re.sub(r'\s(?:d|x|y)="[^"]*"', shorter, svg)


def pages_with_figures() -> list[Path]:
    return [page for page in sorted((ROOT / "docs").rglob("*.md")) if shown(page.read_text(encoding="utf-8"))]


@contextlib.contextmanager
def same_bytes() -> Any:
    """Within it, equal figures are saved as equal files."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib.figure import Figure

    plain = Figure.savefig

    def undated(self: Figure, name: Any, **options: Any) -> None:
        plain(self, name, **({"metadata": {"Date": None, "Creator": None}} | options))
        if str(name).endswith(".svg"):
            thumbnail = Path(name).with_suffix(".png")
            plain(self, thumbnail, dpi=THUMBNAIL, metadata={"Software": None})

    Figure.savefig = undated  # type: ignore[method-assign]
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "foglight", "savefig.bbox": "tight"}):
        yield
    Figure.savefig = plain  # type: ignore[method-assign]


def make(page: Path) -> list[Path]:
    """Run a page in a temporary folder and store the figures that it shows."""
    text = page.read_text(encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": "page"}
    stored = []
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), same_bytes():
        for block in FENCE.finditer(text):
            before = text.count("\n", 0, block.start(1))
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile("\n" * before + block[1], str(page), "exec"), namespace)
        for name in sorted(shown(text)):
            if not Path(name).exists():
                raise SystemExit(f"{page.name} shows figures/{name} and does not save it")
            lines = [line.rstrip() for line in rounded(Path(name).read_text(encoding="utf-8")).splitlines()]
            target = page.parent / "figures" / name
            target.parent.mkdir(exist_ok=True)
            target.write_text("\n".join(lines) + "\n", encoding="utf-8")
            stored.append(target)
            if page.parent == GALLERY:
                stored.append(target.with_suffix(".png"))
                stored[-1].write_bytes(Path(name).with_suffix(".png").read_bytes())
    import matplotlib.pyplot as plt

    plt.close("all")
    return stored


def main(names: list[str]) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for page in [Path(name).resolve() for name in names] or pages_with_figures():
        for figure in make(page):
            size = figure.stat().st_size
            note = f": larger than {LARGEST} bytes" if size > LARGEST else ""
            print(f"{figure.relative_to(ROOT)} {size}{note}")


if __name__ == "__main__":
    main(sys.argv[1:])
