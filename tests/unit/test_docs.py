"""Every example on every page runs, and prints what the page says it prints."""

import contextlib
import io
import re
import shlex
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from foglight.cli.main import main

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    code: str
    line: int  # of the code's first line, counted from 1
    printed: str | None  # what the page says is printed, where it does
    shell: bool = False  # commands of a terminal, not Python


def blocks(text: str) -> list[Block]:
    """The blocks of a page that run: `python`, each with the `text` block that follows it, if the next fence is one;
    and `console`, whose commands begin with `$` and are followed by what they print."""
    fences = list(FENCE.finditer(text))
    found = []
    for fence, after in zip_longest(fences, fences[1:]):
        line = text.count("\n", 0, fence.start(2)) + 1
        if fence[1] == "python":
            found.append(Block(fence[2], line, after[2] if after and after[1] == "text" else None))
        elif fence[1] == "console" and fence[2].startswith("$ "):
            commands = [entry[2:] for entry in fence[2].splitlines() if entry.startswith("$ ")]
            printed = "\n".join(entry for entry in fence[2].splitlines() if not entry.startswith("$ "))
            found.append(Block("\n".join(commands), line, printed, shell=True))
    return found


def shell(commands: str) -> str:
    """What commands of a terminal print: those of Foglight, and `head`."""
    printed = ""
    for command in commands.splitlines():
        words = shlex.split(command)
        if words[0] == "foglight":
            done = CliRunner().invoke(main, words[1:])
            assert done.exit_code == 0, done.output
            printed += done.stdout
        else:
            assert words[:2] == ["head", "-n"], command
            printed += "".join(
                f"{line}\n" for line in Path(words[3]).read_text().splitlines()[: int(words[2])]
            )
    return printed


def run_page(text: str, name: str) -> None:
    """Run a page's blocks in one namespace; a traceback points at the page's own line."""
    namespace: dict[str, Any] = {"__name__": "page"}
    for block in blocks(text):
        if block.shell:
            printed = shell(block.code)
        else:
            program = compile("\n" * (block.line - 1) + block.code, name, "exec")
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(program, namespace)
            printed = output.getvalue()
        if block.printed is not None:
            assert tidy(printed) == tidy(block.printed), f"{name}, line {block.line}"


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


def test_no_page_and_no_example_imports_a_private_module() -> None:
    """What is shown to users is what they may use: `import foglight as fog` and nothing below it."""
    private = re.compile(
        r"^\s*(?:from foglight\.(?!adapters\.)|import foglight\.|from foglight import)", re.MULTILINE
    )
    for page in [*PAGES, *sorted((ROOT / "examples").rglob("*.py"))]:
        assert not private.search(page.read_text()), page.relative_to(ROOT)
