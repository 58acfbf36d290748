"""The lecture: each equation stands beside the line that computes it, pages are short and easy to read, exercises are
solved, and figures are there. That the blocks run and print what they say, `test_docs` tests."""

import re
from pathlib import Path

import pytest

from .test_docs import ROOT

pytestmark = pytest.mark.check

LECTURE = ROOT / "docs" / "lecture"
CONTENTS = LECTURE / "README.md"
PAGES = sorted(LECTURE.glob("[0-9][0-9]-*.md"))
EASY = [page for page in PAGES if page.name < "07"]  # for readers who have never seen a Kalman filter
GRADE = 9.0  # years of school, by Flesch and Kincaid
LONGEST = 1500  # words of a page, its code among them
LARGEST = 60_000  # bytes of a figure

BESIDE = "In the code: "
LINE = re.compile(
    r"In the code: `(.+)` in \[equations/(\w+\.py)\]\(\.\./\.\./src/foglight/equations/(\w+\.py)\)"
)
FENCED = re.compile(r"^```.*?^```[ \t]*$", re.MULTILINE | re.DOTALL)
FORMULA = re.compile(r"^\$\$.*?\$\$[ \t]*$", re.MULTILINE | re.DOTALL)
SILENT = re.compile(r"[^aeiouyl]es?$|[^aeiouydt]ed$")  # made, makes, used
SPOKEN = re.compile(r"(?:[csxz]|ch|sh|g)es$|[^aeiouy]res?$")  # guesses, metre
LIVE = {"01": "one-radar", "05": "gain", "06": "recursion", "07": "ellipse", "08": "curved", "09": "tuning"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def lines_of(path: Path) -> set[str]:
    """The lines of a source, without white space around them and comments behind them."""
    return {re.sub(r"\s+#.*$", "", line).strip() for line in path.read_text().splitlines()}


def astray(text: str) -> list[str]:
    """The lines of a page that promise a line of the equations which is not there."""
    found = []
    for line in text.splitlines():
        if line.startswith(BESIDE):
            promised = LINE.fullmatch(line.rstrip())
            if not promised or promised[2] != promised[3]:
                found.append(f"not in the agreed form: {line}")
            elif promised[1].strip() not in lines_of(ROOT / "src/foglight/equations" / promised[2]):
                found.append(f"not in {promised[2]}: {promised[1]}")
    return found


def prose(text: str) -> str:
    """The sentences of a page, without code, formulas, tables, headings and figures.

    A formula or code within a sentence counts as one short word; a paragraph or an entry of a list ends a sentence.
    """
    text = FORMULA.sub("\n\n", FENCED.sub("\n\n", text))
    kept = []
    for line in text.splitlines():
        if line.startswith(("#", "|", "![", "<", BESIDE)):
            line = ""
        elif re.match(r"\s*(?:[-*]|\d+\.)\s", line):
            line = "\n" + re.sub(r"^\s*(?:[-*]|\d+\.)\s", "", line)
        kept.append(line)
    text = "\n".join(kept)
    text = re.sub(r"\$[^$]*\$|`[^`]*`", "x", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return "\n".join(part if part[-1] in ".!?" else part + "." for part in paragraphs if part)


def syllables(word: str) -> int:
    """The syllables of an English word, by its groups of vowels: those of bi-as and peri-od are two, and a silent e at
    the end is none."""
    word = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word)) + len(re.findall(r"(?<![cgst])i[ao]", word))
    if SILENT.search(word) and not SPOKEN.search(word):
        groups -= 1
    return max(groups, 1)


def grade(text: str) -> float:
    """The years of school that a text asks for (Flesch & Kincaid: Kincaid et al. 1975)."""
    sentences = [part for part in re.split(r"[.!?]+(?=\s|$)", text) if re.search(r"[a-zA-Z]", part)]
    words = re.findall(r"[a-zA-Z]+(?:['’-][a-zA-Z]+)*", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_lecture_has_ten_pages_and_a_list_of_them() -> None:
    assert [page.name[:2] for page in PAGES] == [f"{k:02d}" for k in range(1, 11)]
    assert re.findall(r"\]\((\d\d-[\w-]+\.md)\)", CONTENTS.read_text()) == [page.name for page in PAGES]


@every_page
def test_equations_stand_beside_the_line_that_computes_them(page: Path) -> None:
    text = page.read_text()
    assert astray(text) == []
    assert any(line.startswith(BESIDE) for line in text.splitlines())


def test_a_line_that_has_changed_is_found() -> None:
    line = BESIDE + "`{}` in [equations/textbook.py](../../src/foglight/equations/{})"
    assert astray(line.format("return symmetric(F @ P @ F.T + Q)", "textbook.py")) == []
    assert "not in textbook.py" in astray(line.format("return symmetric(F @ P @ F + Q)", "textbook.py"))[0]
    assert "agreed form" in astray(line.format("return symmetric(F @ P @ F.T + Q)", "ud.py"))[0]
    assert "agreed form" in astray(BESIDE + "see `textbook.py`")[0]


@every_page
def test_pages_are_short(page: Path) -> None:
    assert page.read_text().startswith("# ")
    assert len(page.read_text().split()) <= LONGEST


@pytest.mark.parametrize("page", EASY, ids=lambda page: page.name)
def test_the_first_pages_are_easy_to_read(page: Path) -> None:
    assert grade(prose(page.read_text())) <= GRADE


def test_the_grade_of_known_texts() -> None:
    """By hand: 6 words, 1 sentence, 6 syllables; 4 words, 1 sentence, 17 syllables; and what is left out."""
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert grade("Probabilistic covariance approximations considered.") == pytest.approx(
        0.39 * 4 + 11.8 * 17 / 4 - 15.59
    )
    page = "# Covariances\n\nHe is at $x = \\mu$ now.\n\n$$p = q$$\n\n```python\nprint(1)\n```\n\n"
    page += "- He sways\n- He [stops](a.md).\n"
    assert prose(page) == "He is at x now.\nHe sways.\nHe stops."
    hard = (
        "Notwithstanding considerable heterogeneity, asymptotically efficient estimators characteristically"
    )
    assert grade(f"{hard} presuppose distributional regularity conditions.") > 2 * GRADE


@every_page
def test_exercises_are_solved(page: Path) -> None:
    """Three exercises, and below them three solutions, each with a block that runs and what it prints."""
    before, asked, solved = re.split(r"^## (?:Exercises|Solutions)$", page.read_text(), flags=re.MULTILINE)
    assert "### 1\n" not in before
    assert re.findall(r"^(\d)\. ", asked, re.MULTILINE) == ["1", "2", "3"]
    parts = re.split(r"^### (\d)$", solved, flags=re.MULTILINE)
    assert parts[1::2] == ["1", "2", "3"]
    for part in parts[2::2]:
        kinds = re.findall(r"^```(\w+)$", part, re.MULTILINE)
        assert "text" in kinds and kinds[kinds.index("text") - 1] == "python"


@every_page
def test_figures_are_there(page: Path) -> None:
    figures = re.findall(r"!\[([^\]]*)\]\(figures/([\w-]+\.svg)\)", page.read_text())
    assert figures
    for seen, name in figures:
        assert len(seen.split()) >= 5, f"{name}: say what is seen"
        assert 0 < (LECTURE / "figures" / name).stat().st_size <= LARGEST


@every_page
def test_live_figures_replace_a_static_one(page: Path) -> None:
    kinds = re.findall(r'^!\[.*\)\n\n<div class="live" data-live="([\w-]+)"></div>$', page.read_text(), re.M)
    expected = LIVE.get(page.name[:2])
    assert kinds == ([] if expected is None else [expected])
    assert page.read_text().count("data-live") == len(kinds)
