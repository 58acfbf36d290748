"""What the site is made with: figures of the same bytes, links that are followed, a version that is ours."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from foglight.core.version import __version__

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]


def tool(name: str) -> ModuleType:
    """A script of tools/, which is no package that is installed."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_site, page_figures = tool("check_site"), tool("page_figures")
PAGE = """# A page

```python
import matplotlib.pyplot as plt

figure, ax = plt.subplots()
ax.plot([1, 2])
figure.savefig("line.svg")
```

![A line](figures/line.svg)
"""


def test_a_figure_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    [figure] = page_figures.make(page)
    first = figure.read_bytes()
    [again] = page_figures.make(page)
    assert again.read_bytes() == first and b"dc:date" not in first
    assert figure == tmp_path / "figures" / "line.svg"


def test_a_figure_that_is_not_saved_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE.replace("figures/line.svg", "figures/other.svg"))
    with pytest.raises(SystemExit, match=r"page.md shows figures/other.svg and does not save it"):
        page_figures.make(page)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<a href="there.html#end">', None),
        ('<a href="https://example.org/">', None),
        ('<a href="absent.html">', "page.html links to absent.html, which is absent"),
        ('<a href="there.html#begin">', "page.html links to there.html#begin: there is no such anchor"),
        ('<img src="https://example.org/a.png">', "page.html asks https://example.org/a.png"),
        ('<script src="absent.js">', "page.html fetches absent.js, which is absent"),
        (f"<p>{'x' * 300_001}</p>", "page.html has 300008 bytes with what it fetches; at most 300000"),
    ],
)
def test_what_a_site_must_not_have_is_found(tmp_path: Path, body: str, found: str | None) -> None:
    (tmp_path / "there.html").write_text('<p id="end">')
    (tmp_path / "page.html").write_text(body)
    assert check_site.check(tmp_path) == ([found] if found else [])


def test_the_citation_names_this_version() -> None:
    assert re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(), re.M)[1] == __version__
