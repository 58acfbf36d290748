"""Every example on every page runs, and prints what the page says it prints."""

import contextlib
import io
import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from foglight.cli.main import main

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    code: str
    line: int  # of the code's first line, counted from 1
    printed: str | None  # what the next block says was printed, where there is one


def blocks(text: str) -> list[Block]:
    """The python blocks of a page, each with the text block that follows it, if the next fence is one."""
    fences = list(FENCE.finditer(text))
    return [
        Block(
            code=fence[2],
            line=text.count("\n", 0, fence.start(2)) + 1,
            printed=after[2] if after and after[1] == "text" else None,
        )
        for fence, after in zip_longest(fences, fences[1:])
        if fence[1] == "python"
    ]


def run_page(text: str, name: str) -> None:
    """Run a page's blocks in one namespace; a traceback points at the page's own line."""
    namespace: dict[str, Any] = {"__name__": "page"}
    for block in blocks(text):
        program = compile("\n" * (block.line - 1) + block.code, name, "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(program, namespace)
        if block.printed is not None:
            assert tidy(printed.getvalue()) == tidy(block.printed), f"{name}, line {block.line}"


def tidy(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_run_and_print_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_page(page.read_text(), str(page))


def test_the_readme_has_examples_with_their_output() -> None:
    assert any(block.printed for block in blocks(PAGES[0].read_text()))


def test_a_page_that_prints_something_else_fails() -> None:
    page = "Text.\n\n```python\nprint(6 * 7)\n```\n\nIt prints\n\n```text\n41\n```\n"
    with pytest.raises(AssertionError, match="line 4"):
        run_page(page, "page.md")
    run_page(page.replace("41", "42"), "page.md")


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_make_targets_named_on_a_page_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [*PAGES, ROOT / "CONTRIBUTING.md"]
    named = {
        target for page in pages for target in re.findall(r"(?:`|^ *)make ([a-z-]+)", page.read_text(), re.M)
    }
    assert {"demo", "test"} <= named <= targets


def test_commands_named_on_a_page_exist() -> None:
    named = {
        command
        for page in PAGES
        for command in re.findall(r"^    foglight ([a-z-]+)", page.read_text(), re.MULTILINE)
    }
    assert "run" in named
    assert named <= set(main.commands)
