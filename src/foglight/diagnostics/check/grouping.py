"""Findings that have one cause as one finding, and the most important findings first.

A state that the motion lacks makes the innovations of all components correlated that show it, over time and with one
another. So correlated components have one cause if a correlation links them, or if they are of one sensor.
"""

from dataclasses import replace

from foglight.diagnostics.check.health import Code, Finding

MOST = 7  # findings that a person reads
_NAMED = 4  # components that a sentence names, at most


def by_cause(findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """The findings in their order, those of COLOURED with one cause as one, and the ones that are part of another."""
    groups: list[list[int]] = []
    for k, finding in enumerate(findings):
        if finding.code == Code.COLOURED:
            linked = [group for group in groups if any(_linked(finding, findings[i]) for i in group)]
            merged = sorted([k, *[i for group in linked for i in group]])
            groups = [*[group for group in groups if group not in linked], merged]
    leaders = {group[0]: [findings[i] for i in group] for group in groups}
    parts = sorted(i for group in groups for i in group[1:])
    kept = [
        _together(leaders[k]) if k in leaders else finding
        for k, finding in enumerate(findings)
        if k not in parts
    ]
    return kept, [findings[i] for i in parts]


def most_important(findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """The first findings, and the rest."""
    return findings[:MOST], findings[MOST:]


def sentences_of(findings: list[Finding]) -> list[str]:
    """Findings as notes."""
    return [f"{finding.code}: {finding.sentence}" for finding in findings]


def _components(finding: Finding) -> list[str]:
    return finding.subject.split(", ")


def _linked(one: Finding, other: Finding) -> bool:
    """Whether two findings share a component, or are both of one component of the same sensor."""
    first, second = _components(one), _components(other)
    if set(first) & set(second):
        return True
    return len(first) == len(second) == 1 and _sensor(first[0]) == _sensor(second[0])


def _sensor(component: str) -> str:
    return component.partition(".")[0]


def _together(members: list[Finding]) -> Finding:
    """The first of a group, with what else it explains."""
    first = members[0]
    over_time = [one.subject for one in members[1:] if len(_components(one)) == 1]
    over_time = [name for name in dict.fromkeys(over_time) if name != first.subject]
    pairs = [one for one in members[1:] if len(_components(one)) == 2]
    more = [f" Innovations of {_some(over_time)} are correlated over time, too."] if over_time else []
    if pairs:
        largest = max(pairs, key=lambda one: abs(one.estimate))
        a, b = _components(largest)
        which = f"{a} and {b}" if len(pairs) == 1 else f"{len(pairs)} pairs of components, {a} and {b} most,"
        more.append(f" {which} are correlated with each other, too: {largest.estimate:.2f}.")
    likely = " All this has probably one cause." if more else ""
    return replace(first, sentence=first.sentence + "".join(more) + likely)


def _some(names: list[str]) -> str:
    shown, rest = names[:_NAMED], len(names) - _NAMED
    last = f"{rest} more" if rest > 0 else shown.pop() if len(shown) > 1 else ""
    return ", ".join(shown) + (f" and {last}" if last else "")
