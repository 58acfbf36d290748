"""What the tree must not contain: code that evaluates data, modules too long to read at once, loose ends."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
OURS = [
    path
    for folder in ("src", "tests", "docs", "examples", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".md", ".toml", ".c"}
]
LONGEST_MODULE = 400
LONGEST_CONTRIBUTING = 60
OWNERLESS = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\(\w+\))")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|work|mnt)/\w")
EVALUATING = {"eval", "exec"}
UNPICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


# What writes functions for the user's own unpickling, and reads nothing.
WRITTEN_ONLY = {("src/foglight/model/pickling.py", "import cloudpickle")}


def evaluated(source: str) -> Iterator[str]:
    """Where a source runs data as code: built-in eval and exec, pickle and its kin, np.load with pickles."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in EVALUATING:
                yield f"line {node.lineno}: {node.func.id}()"
            for keyword in node.keywords:
                if keyword.arg == "allow_pickle" and not (
                    isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                ):
                    yield f"line {node.lineno}: allow_pickle"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
            for module in modules:
                if module and module.split(".")[0] in UNPICKLING:
                    yield f"line {node.lineno}: import {module}"


def test_no_source_evaluates_data() -> None:
    found = [
        f"{name(path)}, {what}"
        for path in SOURCES
        for what in evaluated(path.read_text())
        if (name(path), what.partition(": ")[2]) not in WRITTEN_ONLY
    ]
    assert found == []


def test_evaluating_sources_are_found() -> None:
    planted = "import pickle\nfrom shelve import open\neval('1')\nnp.load(f, allow_pickle=True)\nmodel.eval()"
    assert [found.split(":")[0] for found in evaluated(planted)] == ["line 1", "line 2", "line 3", "line 4"]


def test_modules_hold_one_idea() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}
    assert [p for p in SOURCES if p.name in {"utils.py", "helpers.py", "common.py", "misc.py"}] == []


def test_no_loose_ends() -> None:
    found = []
    for path in OURS:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if OWNERLESS.search(line):
                found.append(f"{name(path)}, line {number}: an open task without an owner")
            if MACHINE_PATH.search(line):
                found.append(f"{name(path)}, line {number}: a path of one machine")
    assert found == []


def test_contributing_fits_one_screen() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= LONGEST_CONTRIBUTING


def test_changelog_fragments_are_named_alike() -> None:
    fragments = sorted(path.name for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md")
    assert fragments, "a change comes with a fragment"
    for fragment in fragments:
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.(added|changed|fixed|removed)\.md", fragment), fragment


def test_no_file_is_a_link() -> None:
    """A link may lead out of the project, to a folder of one machine."""
    tracked = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert not [line for line in tracked.stdout.splitlines() if line.startswith("120000")]


@pytest.mark.parametrize("file", ["long_families.txt", "long_tests.txt"])
def test_long_tests_are_tests_that_exist(file: str) -> None:
    """Each that these lists name: a misspelt one would run in full and nobody would notice."""
    tests = Path(__file__).parents[1]
    names = [line for line in (tests / file).read_text().splitlines() if not line.startswith("#")]
    assert len(names) > 40 and names == sorted(set(names))
    for name in names:
        path, function = name.split("::")
        function, _, page = function.partition("[")
        assert re.search(rf"^def {function}\(", (tests / path).read_text(), re.MULTILINE), name
        assert not page or (tests.parent / page.rstrip("]")).exists(), name
