"""Every example on every page runs, and prints what the page says it prints."""

import contextlib
import io
import os
import platform
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli.main import main
from foglight.methods.registry import METHODS
from foglight.model.model_file import HELPERS, MOTIONS, SENSORS

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


@pytest.mark.campaign
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names a kind of Intel processor")
def test_pages_print_the_same_on_an_old_processor() -> None:
    """OpenBLAS adds in another order there, so the last digits of what it computes differ."""
    again = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "",
        "-p",
        "no:cacheprovider",
        __file__,
        "-k",
        "examples_run",
    ]
    done = subprocess.run(
        again, cwd=ROOT, env=os.environ | {"OPENBLAS_CORETYPE": "Prescott"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:]


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


FIGURE = re.compile(r"(?<!\[)!\[[^\]]*\]\(figures/([\w-]+\.svg)\)")  # not a thumbnail, which is inside a link
SAVED = re.compile(r"""savefig\(\s*["']([\w-]+\.svg)["']""")


def test_figures_are_saved_by_the_page_that_shows_them() -> None:
    """`make figures` runs the pages and stores what they save, beside them in `figures/`."""
    kept = {path for path in (ROOT / "docs").rglob("figures/*.svg")}
    for page in PAGES:
        text = page.read_text()
        shown = set(FIGURE.findall(text))
        saved = {name for block in blocks(text) if not block.shell for name in SAVED.findall(block.code)}
        assert shown == saved, f"{page.relative_to(ROOT)} shows {shown}, and saves {saved}"
        for figure in (page.parent / "figures" / name for name in shown):
            assert figure.stat().st_size <= 60_000, f"{figure.relative_to(ROOT)} is large: draw fewer points"
            kept.discard(figure)
    assert kept == set(), "figures that no page shows"


# Words of a page, without its code: what stands here is longer for a reason.
LONG = {
    "docs/reference/faults.md": "one table of every fault, to be searched as a whole",
    "docs/reference/check.md": "definitions, looked up one by one",
    "docs/reference/logs.md": "every way to read a log, looked up one by one",
    "docs/architecture.md": "every room and every rule that holds in all of them",
}


def test_pages_are_short() -> None:
    words = {str(page.relative_to(ROOT)): len(FENCE.sub("", page.read_text()).split()) for page in PAGES[1:]}
    assert {name for name, count in words.items() if count > 1500} == set(LONG)


def test_tests_that_the_claims_name_exist() -> None:
    named = {
        name
        for page in (ROOT / "docs/trust").glob("*.md")
        for name in re.findall(r"(?<=[ `])tests/[\w/]+\.py", page.read_text())
    }
    assert len(named) > 40
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_public_name_is_in_the_contents_of_the_reference() -> None:
    listed = re.findall(r"^   foglight\.(\w+)$", (ROOT / "docs/reference/api.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(fog.__all__)


def test_every_kind_of_a_model_file_is_on_its_page() -> None:
    page = (ROOT / "docs/reference/model-file.md").read_text()
    for kind in (*MOTIONS, *SENSORS, *HELPERS, *METHODS):
        assert f"`{kind}`" in page, kind


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
        r"^\s*(?:from foglight\.(?!adapters\b)|import foglight\.|from foglight import)", re.MULTILINE
    )
    for page in [*PAGES, *sorted((ROOT / "examples").rglob("*.py"))]:
        assert not private.search(page.read_text()), page.relative_to(ROOT)
