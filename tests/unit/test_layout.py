"""The rooms of the tree: what may import what, that nothing is circular, and how many doors there are."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.check

PACKAGE = Path(__file__).parents[2] / "src" / "foglight"
# From the ground up; rooms on one line do not know each other.
FLOORS = [
    {"core"},
    {"trace", "data"},
    {"equations"},
    {"methods"},
    {"model"},
    {"compiler"},
    {"inference"},
    {"live", "diagnostics"},
    {"tuning"},
    {"pictures", "adapters"},
    {"motion", "sensing", "noise", "rotation"},  # doors to model/
    {"__init__"},
    {"cli"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MOST_ENTRIES = 20


def module(path: Path) -> str:
    """core.checks for src/foglight/core/checks.py; a package is its folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1]) if parts[-1] == "__init__" and len(parts) > 1 else ".".join(parts)


MODULES = {module(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported(path: Path) -> Iterator[str]:
    """The modules of this package that a module imports, at its top or within functions, or for types only."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "foglight":
                    yield alias.name.removeprefix("foglight").removeprefix(".") or "__init__"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "foglight":
            assert node.module is not None
            base = node.module.removeprefix("foglight").removeprefix(".")
            for alias in node.names:
                whole = f"{base}.{alias.name}".removeprefix(".")
                yield whole if whole in MODULES else base or "__init__"


ARROWS = {name: set(imported(path)) - {name} for name, path in MODULES.items()}


def room(name: str) -> str:
    return name.split(".")[0]


def test_arrows_point_down() -> None:
    wrong = [
        f"{name} must not import {other}"
        for name in MODULES
        for other in ARROWS[name]
        if room(other) != room(name) and FLOOR[room(other)] >= FLOOR[room(name)]
    ]
    assert wrong == []


def test_only_the_command_line_imports_the_door() -> None:
    users = {name for name, others in ARROWS.items() if "__init__" in others}
    assert {room(name) for name in users} <= {"cli"}


def test_there_is_no_circle() -> None:
    graph = {name: others for name, others in ARROWS.items() if name != "__init__"}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_a_circle_would_be_found() -> None:
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"c"}, "c": {"a"}}).prepare()


def test_the_root_has_few_entries() -> None:
    entries = [path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES, sorted(entries)
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= FLOOR.keys()
