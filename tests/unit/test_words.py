"""Names, messages, docstrings and pages use the standard terms of the field, not private ones."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "examples").rglob("*.py"),
]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
INSTEAD = {  # a private word: what to write
    "told": "described, formatted or given",
    "lever": "perturbation",
    "levers": "perturbations",
    "probe": "score test",
    "blamed": "attributed",
    "verdict": "finding",
    "birth": "validation",
    "heard": "received",
    "inlet": "input",
    "surprise": "innovation",
    "climb": "ascent",
    "there twice": "duplicate",
    "so many rows": "n rows",
    "who knows": "the caller",
    "who stands there": "the target",
    "the belief stands": "the belief is unchanged",
    "the first first": "most important first",
    "is no state": "is not a state",
}
IN_SOURCES = {
    "place": "position, source location or output path",
    "trial": "score test",
    "bench": "perturbed model",
}
# A key of old checkpoints, plain English, and how a sensor is mounted.
ALLOWED = ('"place"', "in place of", "in its place", "last place", "in place.", "there is no state")
ALLOWED += ("lever_arm", "lever arm", "LeverArm")


def words_of(text: str) -> str:
    """The words of a line, with the parts of snake_case and camelCase names apart."""
    return " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text.replace("_", " "))).lower()


def test_words() -> None:
    found = []
    for path in [*SOURCES, *PAGES]:
        refused = INSTEAD | (IN_SOURCES if path.suffix == ".py" else {})
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for allowed in ALLOWED:
                line = line.replace(allowed, "")
            words = f" {words_of(line)} "
            found += [
                f"{path.relative_to(ROOT)}:{number}: {word!r}: write {refused[word]}"
                for word in refused
                if f" {word} " in words
            ]
    assert found == []


def test_a_private_word_is_found_inside_a_name() -> None:
    assert " told " in f" {words_of('def _told(rows)')} " and " inlet " in f" {words_of('class NewInlet:')} "
