"""`python -m tools.mutate [AREA or MODULE ...]`: plant small defects and see whether a test notices each."""

import argparse
import os
import random
import sys
from pathlib import Path

from tools.mutate import areas, coverage, engine, explained, processes, report
from tools.mutate.mutants import Mutant, mutants
from tools.mutate.tree import modules, short_name

SECOND_LOOK = 8.0  # what nothing killed, and nobody explained, faces so many times the tests


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutate", description=__doc__)
    parser.add_argument(
        "where", nargs="*", help="equations, equations/ud.py, inference/fuse, … (default: all with a bar)"
    )
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    parser.add_argument(
        "--stale", action="store_true", help="only list the entries of tests/mutation.md that name no mutant"
    )
    parser.add_argument("--only", type=int, metavar="LINE", help="only the mutants of this line")
    parser.add_argument("--function", help="only the mutants of this function")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="only the mutants whose keys the file has")
    parser.add_argument("--sample", type=int, metavar="N", help="only N of them, drawn by chance")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument(
        "--survivors", type=Path, metavar="FILE", help="write survivors without explanation there"
    )
    parser.add_argument(
        "--limit", type=float, default=8.0, help="seconds of tests that a mutant faces at most"
    )
    parser.add_argument(
        "--tests", type=Path, nargs="+", default=[], metavar="FILE", help="only these test files"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes at a time")
    parser.add_argument("--core", type=int, help="the one core to run on")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> tuple[list[Mutant], dict[str, set[str]], bool]:
    """The mutants asked for, all keys by module, and whether these are all mutants there."""
    where = options.where or list(areas.BARS)
    found: list[Mutant] = []
    for path in modules():
        if any(areas.is_in(short_name(path), name.rstrip("/")) for name in where):
            found += mutants(path)
    if not found:
        raise SystemExit(f"no module under src/foglight matches {' '.join(where)}")
    keys: dict[str, set[str]] = {}
    for mutant in found:
        keys.setdefault(mutant.module, set()).add(mutant.key)
    count = len(found)
    if options.only:
        found = [mutant for mutant in found if mutant.line == options.only]
    if options.function:
        found = [mutant for mutant in found if mutant.function == options.function]
    if options.keys:
        text = options.keys.read_text()
        found = [mutant for mutant in found if mutant.key in text]
    if options.sample and options.sample < len(found):
        found = random.Random(options.seed).sample(found, options.sample)
    return found, keys, len(found) == count


def main() -> int:
    """Run as asked; 0 if every bar is met and every survivor is explained."""
    options = arguments()
    if options.stale:
        entries = explained.stale()
        for entry in entries:
            print(f"no such mutant: {entry.key} {entry.module}")
        return 1 if entries else 0
    found, keys, whole = chosen(options)
    if options.list:
        print(*map(report.describe, found), f"{len(found)} mutants", sep="\n")
        return 0
    workers = 1 if options.core is not None else options.workers
    processes.prepare([options.core] if options.core is not None else sorted(os.sched_getaffinity(0)))
    covered = coverage.record(workers, options.tests, lambda line: print(line, flush=True))
    for node in covered.failing:
        print(f"left out, it fails without any mutant: {node}")
    entries = explained.read()
    print(f"{len(found)} mutants, {len(covered.tests)} tests", flush=True)
    verdicts: dict[str, engine.Verdict] = {}

    def face(some: list[Mutant], limit: float, again: bool = False) -> list[Mutant]:
        """Judge them; those that live without an explanation."""
        lived = []
        for count, (verdict, seconds) in enumerate(
            engine.timed(engine.judge(some, covered, workers, limit, entries, again)), start=1
        ):
            verdicts[verdict.mutant.key] = verdict
            if not verdict.killed and verdict.mutant.key not in entries:
                lived.append(verdict.mutant)
                print(f"{verdict.outcome} {report.describe(verdict.mutant)}", flush=True)
            if count % 100 == 0:
                print(f"  {count} of {len(some)}, {len(lived)} live, {seconds:.0f} s", flush=True)
        return lived

    lived = face(found, options.limit)
    if lived:
        print(f"{len(lived)} again, with {SECOND_LOOK:g} times the tests", flush=True)
        face(lived, SECOND_LOOK * options.limit, again=True)
    if options.survivors:
        lines = [
            explained.entry(v.mutant)
            for v in verdicts.values()
            if not v.killed and v.mutant.key not in entries
        ]
        options.survivors.write_text("\n".join(lines) + "\n")
    lines, good = report.conclude(list(verdicts.values()), keys, whole and not options.tests)
    print(*lines, sep="\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
