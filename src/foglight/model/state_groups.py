"""Groups of states that make up one component of what a sensor reads, such as the harmonics of a season."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from foglight.core.checks import names
from foglight.core.errors import ModelError

Groups = Mapping[str, Any]  # {component: its states}


def read_groups(groups: Any, state: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """The states of each group, checked. Raises ModelError for an unknown state, and for one in two groups."""
    if not isinstance(groups, Mapping):
        raise ModelError.expected(
            "groups", groups, "names and states", f"Write groups={{'level': [{state[0]!r}]}}."
        )
    found: dict[str, tuple[str, ...]] = {}
    taken: dict[str, str] = {}
    for group, given in groups.items():
        names((group,), "groups")
        found[group] = names(given, f"groups[{group!r}]")
        for name in found[group]:
            if name not in state:
                raise ModelError.expected(
                    "groups", name, f"one of the states {', '.join(state)}", "Rename it.", index=group
                )
            if name in taken:
                raise ModelError.expected(
                    "groups", name, f"a state of one group only, and {taken[name]} has it", "Name it once.",
                    index=group,
                )  # fmt: skip
            taken[name] = group
    for group in found:
        if group in state and group not in found[group]:
            raise ModelError.expected(
                "groups", group, "a name that is not that of another state", "Rename the group.", index=group
            )
    return MappingProxyType(found)


def in_components(groups: Mapping[str, tuple[str, ...]], state: tuple[str, ...]) -> dict[str, list[int]]:
    """The indices of the states of each component, in the order of the states; a state in no group is one itself."""
    of = {name: group for group, members in groups.items() for name in members}
    found: dict[str, list[int]] = {}
    for i, name in enumerate(state):
        found.setdefault(of.get(name, name), []).append(i)
    return found
