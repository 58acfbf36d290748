"""The figures: killed of all, killed of those that tests reach, survivors without an explanation."""

from collections.abc import Sequence
from itertools import takewhile

from tools.mutate import explained
from tools.mutate.areas import BARS, area
from tools.mutate.engine import Verdict
from tools.mutate.mutants import Mutant

LONGEST = 240  # letters of a line that is shown whole


def describe(mutant: Mutant) -> str:
    """Where a mutant is, and its line before and after."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(mutant.before, mutant.after, strict=False))
    change = sum(1 for _ in same)
    return (
        f"{mutant.key}  {mutant.module}:{mutant.line}  {mutant.function}  [{mutant.operator}]\n"
        f"    - {_around(mutant.before, change)}\n    + {_around(mutant.after, change)}"
    )


def _around(text: str, place: int) -> str:
    """The text, or of a long one what stands around a place."""
    return (
        text if len(text) <= LONGEST else f"… {text[max(0, place - LONGEST // 2) : place + LONGEST // 2]} …"
    )


def figures(
    name: str, verdicts: Sequence[Verdict], entries: dict[str, explained.Explanation]
) -> tuple[str, float]:
    """One line on an area, and killed of all."""
    total = len(verdicts)
    killed = sum(verdict.killed for verdict in verdicts)
    reached = sum(verdict.outcome != "unreached" for verdict in verdicts)
    alive = [verdict.mutant.key for verdict in verdicts if not verdict.killed]
    equivalent = sum(key in entries and entries[key].equivalent for key in alive)
    slow = sum(verdict.outcome == "timeout" for verdict in verdicts)
    score = killed / total if total else 1.0
    return (
        f"{name}: killed {killed} of {total} = {score:.2%} ({slow} by time); of those reached "
        f"{killed / max(reached, 1):.2%}; equivalent ones left out {killed / max(total - equivalent, 1):.2%}; "
        f"survivors {total - killed}, without explanation {sum(key not in entries for key in alive)}"
    ), score


def conclude(
    verdicts: Sequence[Verdict], generated: dict[str, set[str]], whole: bool
) -> tuple[list[str], bool]:
    """The lines to print at the end, and whether all is well. `generated` has the keys of each module looked at;
    `whole`: all their mutants were run, so that the bars apply."""
    entries = explained.read()
    lines, good = [], True
    for name in sorted({area(verdict.mutant.module) for verdict in verdicts}):
        text, score = figures(name, [v for v in verdicts if area(v.mutant.module) == name], entries)
        bar = BARS.get(name, 0.0)
        if whole and score < bar:
            text += f"; BELOW its bar of {bar:.0%}"
            good = False
        lines.append(text)
    unexplained = [v for v in verdicts if not v.killed and v.mutant.key not in entries]
    good = good and not unexplained
    killed = [v.mutant for v in verdicts if v.killed and v.mutant.key in entries]
    lines += [f"explained, but killed: {mutant.key} {mutant.module}" for mutant in killed]
    for entry in entries.values():
        if entry.module in generated and entry.key not in generated[entry.module]:
            lines.append(f"explained, but no such mutant: {entry.key} {entry.module}")
            good = False
    return lines, good
