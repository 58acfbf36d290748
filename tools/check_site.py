"""Check a site that was built: its links lead somewhere, it asks nobody for anything, and its pages are small.

python -m tools.check_site build/site
"""

import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LARGEST = 300_000  # bytes: a page with its style, scripts and pictures
LARGE = {  # a page beyond it: why
    "reference/faults.html": "one table of every fault, to be searched as a whole",
    "genindex.html": "the index of all names",
    "search.html": "with the index of all words, which it searches",
}
FETCHED = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("use", "href"),
}
NO_PAGE = ("_static/", "_modules/")


class Page(HTMLParser):
    """The links of a page, what it fetches, and its anchors."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        elsewhere = tag == "link" and not {"stylesheet", "icon"} & set(
            (dict(attributes).get("rel") or "").split()
        )
        for name, value in attributes:
            if value is None or (elsewhere and name == "href"):
                continue
            if name == "id":
                self.anchors.add(value)
            elif (tag, name) in FETCHED and not value.startswith(("#", "data:")):
                self.fetched.append(value)
            elif tag == "a" and name == "href":
                self.links.append(value)


def check(site: Path) -> list[str]:
    """What is wrong with a site, a sentence each."""
    found = []

    @cache
    def parsed(path: Path) -> Page:
        return Page(path)

    for path in sorted(site.rglob("*.html")):
        name = str(path.relative_to(site))
        if name.startswith(NO_PAGE) or name == "404.html":  # which stands at any address
            continue
        page, size = parsed(path), path.stat().st_size
        for link in page.fetched:
            target = path.parent / unquote(urlsplit(link).path)
            if urlsplit(link).netloc:
                found.append(f"{name} asks {link}")
            elif not target.exists():
                found.append(f"{name} fetches {link}, which is absent")
            else:
                size += target.stat().st_size if target.is_file() else 0
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            if not target.is_file():
                found.append(f"{name} links to {link}, which is absent")
            elif (
                parts.fragment
                and target.suffix == ".html"
                and unquote(parts.fragment) not in parsed(target).anchors
            ):
                found.append(f"{name} links to {link}: there is no such anchor")
        if size > LARGEST and name not in LARGE:
            found.append(f"{name} has {size} bytes with what it fetches; at most {LARGEST}")
    return found


if __name__ == "__main__":
    wrong = check(Path(sys.argv[1]).resolve())
    print("\n".join(wrong) or "The site is complete.")
    sys.exit(bool(wrong))
