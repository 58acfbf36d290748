"""Runs mutants against the tests that reach them, quickest first."""

import time
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tools.mutate import loading, processes
from tools.mutate.coverage import Coverage, Test
from tools.mutate.mutants import Mutant
from tools.mutate.tree import first_numbers, full_name

FIRST, GROWTH = (
    0.1,
    4.0,
)  # seconds of tests in the first round; what lives goes on to the next, so many times as long
FILES = (2, 4, 12)  # files collected in the first rounds; later ones take them all
KNOWN = 1.0  # seconds of tests for a survivor that is explained already
PATIENCE = (20.0, 5.0)  # a round may take this many seconds, and so many times what it should


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: "killed", "timeout", "crashed", "survived" or "unreached"; by which test."""

    mutant: Mutant
    outcome: str
    by: str
    tests: int

    @property
    def killed(self) -> bool:
        """Whether any test noticed."""
        return self.outcome in ("killed", "timeout", "crashed")


class Killers:
    """Which tests killed the mutants so far: they are tried first on their neighbours."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], dict[str, int]] = {}

    def add(self, mutant: Mutant, node: str) -> None:
        """One more killed by this test."""
        for place in (mutant.function, ""):
            found = self.counts.setdefault((mutant.module, place), {})
            found[node] = found.get(node, 0) + 1

    def best(self, mutant: Mutant, tests: dict[str, Test]) -> list[Test]:
        """The tests most likely to kill, by what they did per second."""
        chosen: dict[str, Test] = {}
        for place, count in ((mutant.function, 3), ("", 2)):
            found = self.counts.get((mutant.module, place), {})
            ranked = sorted(
                (n for n in found if n in tests), key=lambda n: -found[n] / (0.05 + tests[n].seconds)
            )
            chosen |= {node: tests[node] for node in ranked[:count]}
        return list(chosen.values())


def diverse(tests: list[Test], around: frozenset[int], collecting: dict[str, float]) -> list[Test]:
    """Quickest first, but first one test of each way through the function, then a second of each, and so on."""
    ways: dict[frozenset[int], int] = {}
    ranked: list[tuple[int, int, Test]] = []
    for test in sorted(tests, key=lambda test: test.seconds + 0.1 * collecting[test.file]):
        way = test.hits & around
        ranked.append((ways.setdefault(way, 0), len(ranked), test))
        ways[way] += 1
    return [test for *_, test in sorted(ranked, key=lambda entry: entry[:2])]


def named_after(mutant: Mutant, test: Test) -> bool:
    """Whether a test's file is named after the mutant's module."""
    return Path(test.file).stem.startswith(f"test_{mutant.path.stem}")


def devotion(test: Test, inside: range) -> float:
    """The share of the statements that a test runs which have their numbers in this range; all, if it runs none."""
    return sum(number in inside for number in test.hits) / len(test.hits) if test.hits else 1.0


def rounds(
    mutant: Mutant,
    covering: list[Test],
    killers: Killers,
    collecting: dict[str, float],
    limit: float,
    around: frozenset[int],
    inside: range | None,
) -> list[list[Test]]:
    """The tests in rising batches, about `limit` seconds of them, and as long again for the module's own."""
    by_name = {test.node: test for test in covering}
    first = killers.best(mutant, by_name)
    result = [first] if first else []
    others = [test for test in covering if test not in first]
    if inside is None:
        rest = [
            test
            for own in (True, False)
            for test in diverse([t for t in others if named_after(mutant, t) is own], around, collecting)
        ]
    else:  # first those that do little else than run this module
        rest = sorted(others, key=lambda test: -devotion(test, inside))
    limit += min(limit, sum(test.seconds for test in rest if named_after(mutant, test)))
    spent, k = 0.0, 0
    while rest and spent < limit:
        batch: list[Test] = []
        names: set[str] = set()
        left = min(FIRST * GROWTH**k, limit - spent)
        spent += left
        files = FILES[k] if k < len(FILES) else len(rest)
        later = []
        for test in rest:
            if left > 0 and (test.file in names or len(names) < files):
                batch.append(test)
                names.add(test.file)
                left -= test.seconds
            else:
                later.append(test)
        rest, k = later, k + 1
        result.append(batch)
    return result


class _Listener:
    """A pytest plugin that remembers the first test that failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def _attempt(job: "Job", tell: Callable[[Any], None]) -> None:
    loading.supply(full_name(job.mutant.path), job.mutant.plant())
    for batch in job.rounds:
        tell({"seconds": sum(test.seconds for test in batch)})
        listener = _Listener()
        code = processes.tests([test.node for test in batch], listener)
        if code:
            tell({"killed": listener.failed or "collecting"})
            return
    tell({"survived": True})


@dataclass(frozen=True)
class Job:
    """A mutant and the tests it is to face."""

    mutant: Mutant
    rounds: list[list[Test]]


def _allowed(message: Any) -> float:
    seconds = message.get("seconds", 0.0) if isinstance(message, dict) else 0.0
    return float(PATIENCE[0] + PATIENCE[1] * seconds)


def judge(
    mutants: Iterable[Mutant],
    coverage: Coverage,
    workers: int,
    limit: float,
    known: Collection[str] = (),
    again: bool = False,
) -> Iterator[Verdict]:
    """A verdict for each mutant, as they come; `known` are the keys of those that are expected to live.

    The quickest tests come first. `again`, and where every test reaches the mutant since it stands outside functions,
    those that run little but its module do.
    """
    killers = Killers()
    firsts = first_numbers()
    starts = sorted(firsts.values())
    unreached: list[Verdict] = []

    def jobs() -> Iterator[Job]:
        for mutant in mutants:
            start = firsts[full_name(mutant.path)]
            covering = coverage.of(start + mutant.spot)
            if covering:
                seconds = min(KNOWN, limit) if mutant.key in known else limit
                around = frozenset(start + spot for spot in mutant.around)
                module = range(start, starts[bisect_right(starts, start)])
                inside = None if mutant.function and not again else module
                batches = rounds(mutant, covering, killers, coverage.collecting, seconds, around, inside)
                yield Job(mutant, batches)
            else:
                unreached.append(Verdict(mutant, "unreached", "", 0))

    said: dict[str, Any] = {}
    for job, message in processes.run(jobs(), _attempt, workers, _allowed):
        yield from unreached
        unreached.clear()
        mutant, count = job.mutant, sum(map(len, job.rounds))
        if message is None or message == "timeout":
            last = said.pop(mutant.key, {})
            if message == "timeout":
                yield Verdict(mutant, "timeout", "", count)
            elif "killed" in last:
                killers.add(mutant, last["killed"])
                yield Verdict(mutant, "killed", last["killed"], count)
            else:
                yield Verdict(mutant, "survived" if "survived" in last else "crashed", "", count)
        else:
            said[mutant.key] = message
    yield from unreached


def timed(verdicts: Iterable[Verdict]) -> Iterator[tuple[Verdict, float]]:
    """Each verdict with the seconds since the start."""
    start = time.perf_counter()
    for verdict in verdicts:
        yield verdict, time.perf_counter() - start
