"""Which tests run which statements, and how long each takes: recorded once, and again when a file changes.

Each test runs in its own process, forked after its file was collected, so that no kernel or table that an
earlier test left behind hides a statement from it.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from tools.mutate import loading, processes
from tools.mutate.tree import ROOT, first_numbers, modules

# A test that measures time would fail by chance; one that starts another Python compares with a process that has no
# mutant in it.
UNFIT = {"perf_counter", "executable"}
CODE = {".py", ".pyc"}
LONGEST = 300.0  # seconds that one test may take


@dataclass(frozen=True)
class Test:
    """A test that passes: its node id, its file, seconds, and the numbers of the statements that it runs."""

    __test__ = False
    node: str
    file: str
    seconds: float
    hits: frozenset[int]


@dataclass(frozen=True)
class Coverage:
    """The tests, the seconds that collecting each file takes, and the statements that collecting runs."""

    tests: list[Test]
    collecting: dict[str, float]
    imported: dict[str, frozenset[int]]
    failing: list[str]

    def of(self, number: int) -> list[Test]:
        """The tests that run a statement, be it while they are collected."""
        files = {file for file, hits in self.imported.items() if number in hits}
        return [test for test in self.tests if number in test.hits or test.file in files]


class Recorder:
    """A pytest plugin: every test in a fork of its own."""

    def __init__(self, hits: bytearray, tell: Callable[[Any], None]) -> None:
        self.hits, self.tell = hits, tell
        self.start = time.perf_counter()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        seconds = time.perf_counter() - self.start
        self.tell({"collect": seconds, "hits": found(self.hits), "support": support()})

    def pytest_runtest_protocol(self, item: pytest.Item) -> bool:
        function = getattr(item, "function", None)
        if function is not None and UNFIT & set(function.__code__.co_names):
            return True
        pid = os.fork()
        if pid == 0:
            self.hits[:] = bytes(len(self.hits))
            start = time.perf_counter()
            reports = runtestprotocol(item, log=False)
            seconds = time.perf_counter() - start
            outcomes = {report.outcome for report in reports}
            outcome = "failed" if "failed" in outcomes else "skipped" if "skipped" in outcomes else "passed"
            self.tell({"node": item.nodeid, "outcome": outcome, "seconds": seconds, "hits": found(self.hits)})
            os._exit(0)
        os.waitpid(pid, 0)
        return True


def support() -> list[str]:
    """The modules of the tests that are imported now."""
    paths = (Path(getattr(module, "__file__", None) or "/") for module in list(sys.modules.values()))
    return sorted(path.relative_to(ROOT).as_posix() for path in paths if path.is_relative_to(ROOT / "tests"))


def found(hits: bytearray) -> list[int]:
    """The numbers of the marked statements."""
    return [k for k, hit in enumerate(hits) if hit]


def digest(paths: Iterable[Path]) -> str:
    """One text for the contents of files."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def record(workers: int, only: Iterable[Path], show: Callable[[str], None]) -> Coverage:
    """The coverage of these test files, or all; a recording is used while what it depends on stays as it was."""
    files = [path.resolve() for path in only] or sorted((ROOT / "tests").rglob("test_*.py"))
    data = [
        path for path in sorted((ROOT / "tests").rglob("*")) if path.is_file() and path.suffix not in CODE
    ]
    base = digest([*modules(), *data])
    names = [path.relative_to(ROOT).as_posix() for path in files]
    known = {name: json.loads(_store(name).read_text()) for name in names if _store(name).exists()}
    stale = [name for name in names if known.get(name, {}).get("key") != _key(base, name, known)]
    stale.sort(key=lambda name: -sum(t["seconds"] for t in known.get(name, {}).get("tests", ())))
    fresh: dict[str, dict[str, Any]] = {}
    numbers = first_numbers()

    def work(name: str, tell: Callable[[Any], None]) -> None:
        processes.tests([name], Recorder(loading.watch(numbers), tell))

    for name, message in processes.run(stale, work, workers, lambda _: LONGEST):
        entry = fresh.setdefault(name, {"tests": []})
        if message == "timeout":
            raise TimeoutError(f"{name}: a test took longer than {LONGEST:g} s")
        if message is None:
            entry["key"] = _key(base, name, fresh)
            _store(name).write_text(json.dumps(entry))
            show(f"recorded {name}: {len(entry['tests'])} tests")
        elif "collect" in message:
            entry |= message
        else:
            entry["tests"].append(message)
    entries = {name: fresh.get(name) or known[name] for name in names}
    return Coverage(
        [
            Test(t["node"], name, t["seconds"], frozenset(t["hits"]))
            for name, entry in entries.items()
            for t in entry["tests"]
            if t["outcome"] == "passed"
        ],
        {name: entry["collect"] for name, entry in entries.items()},
        {name: frozenset(entry["hits"]) for name, entry in entries.items()},
        [t["node"] for entry in entries.values() for t in entry["tests"] if t["outcome"] == "failed"],
    )


def _key(base: str, name: str, entries: dict[str, dict[str, Any]]) -> str:
    """What a recording depends on: sources, data, the file itself and what it imported when it was recorded."""
    paths = {ROOT / part for part in (name, *entries.get(name, {}).get("support", ()))}
    return base + digest(sorted(path for path in paths if path.exists()))


def _store(name: str) -> Path:
    return processes.scratch(f"coverage/{name.replace('/', '.')}.json")
