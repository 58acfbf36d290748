"""The guide: each symptom has its section, and speeds are those of the benchmark. Its blocks run in `test_docs`."""

import re
from pathlib import Path

import pytest

from .test_docs import ROOT
from .test_lecture import astray

pytestmark = pytest.mark.check

GUIDE = ROOT / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
LONGEST = 1500  # words of a page, its code among them
APART = (
    1.3  # how far a ratio on a page may be from that of the newest benchmark, which varies from run to run
)
SYMPTOMS = (
    "The covariance explodes",
    "NIS is 9",
    "The estimate lags",
    "The angle jumps",
    "It is sure and wrong",
    "NaN at row 812",
    "Tuning does not end",
    "It is slow",
)
RACES = {  # a row of the table on the page: where it stands in the results
    "one long series, 4 states, linear": "One long series",
    "EKF: turning car, radar": "EKF: CTRV and radar",
    "UKF: the same": "UKF: CTRV and radar",
    "10,000 series of 100 rows": "Many series",
    "50 dense states": "Many states: n = 50",
    "200 dense states": "Many states: n = 200",
    "online, one step at a time": "Online",
}


def rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"
    ]


def ratio(race: str, library: str) -> float:
    """How much longer a library took than Foglight in a race of the results; the first of its rows."""
    [section] = [part for part in RESULTS.read_text().split("\n## ") if part.startswith(race)]
    return next(float(row[3].replace(",", "")) for row in rows(section) if row[0].startswith(library))


def stale(page: str) -> list[str]:
    """Cells of the page's table of speeds that are not those of the results."""
    table = rows(page[page.index("## The same thing in numbers") :])
    libraries, found = table[0][1:], []
    for name, *cells in table[2:]:
        for library, cell in zip(libraries, cells, strict=True):
            if name in RACES and cell != "–":
                stated, measured = float(cell.replace(",", "")), ratio(RACES[name], library)
                if not measured / APART < stated < measured * APART:
                    found.append(f"{name}, {library}: {cell}, measured {measured}")
    return found


def test_every_symptom_has_a_section_to_which_the_first_page_leads() -> None:
    first = (GUIDE / "troubleshooting.md").read_text()
    pages = {"": first, "troubleshooting-runs.md": (GUIDE / "troubleshooting-runs.md").read_text()}
    for symptom in SYMPTOMS:
        [page] = [name for name, text in pages.items() if f"\n## {symptom}\n" in text]
        assert f"]({page}#{symptom.lower().replace(' ', '-')})" in first
        section = pages[page].split(f"\n## {symptom}\n")[1].split("\n## ")[0]
        assert section.count("```python") >= 2, f"{symptom}: what shows it, and the cure"
        assert "cure" in section.lower()


def test_speeds_beside_other_libraries_are_those_of_the_benchmark() -> None:
    page = (GUIDE / "other-libraries.md").read_text()
    assert stale(page) == []
    assert {row[0] for row in rows(page)} >= set(RACES)
    wrong = re.sub(r"(\| one long series, 4 states, linear \|) [\d.,]+", r"\1 9,999", page)
    assert len(stale(wrong)) == 1 and "filterpy: 9,999" in stale(wrong)[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_short_and_name_lines_that_are_there(page: Path) -> None:
    text = page.read_text()
    assert text.startswith("# ")
    assert len(text.split()) <= LONGEST
    assert astray(text) == []
    for name in re.findall(r"\]\(figures/([\w-]+\.svg)\)", text):
        assert (GUIDE / "figures" / name).exists()
