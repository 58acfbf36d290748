"""A model file with other parameters: only their numbers change, so that comments and layout stay."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from foglight.core.errors import DataError
from foglight.model.model import MOTION

_HEADER = re.compile(r"^\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}")
_ENTRY = re.compile(r"^(\s*(?:([\w-]+)|\"([^\"]+)\")\s*=\s*)([^#]*?)(\s*(?:#.*)?)$")


def with_values(text: str, values: Mapping[str, float]) -> str:
    """The text of a TOML model with these parameters, by their full names.

    Raises DataError where a parameter does not stand there as `key = number` or in a list on one line.
    """
    tables = tomllib.loads(text)
    wanted = {place: shown for name, value in values.items() for place, shown in _places(tables, name, value)}
    lists: dict[tuple[str, int, str], list[Any]] = {}
    for (table, number, key, index), shown in wanted.items():
        if index is None:
            lists[table, number, key] = [shown]
        else:
            entries = lists.setdefault(
                (table, number, key), [repr(v) for v in _table(tables, table, number)[key]]
            )
            entries[index] = shown
    written = {
        place: entries[0] if _is_number(_table(tables, *place[:2])[place[2]]) else f"[{', '.join(entries)}]"
        for place, entries in lists.items()
    }
    lines, here, counts = text.splitlines(keepends=True), ("", 0), {"sensor": -1}
    for k, line in enumerate(lines):
        if header := _HEADER.match(line):
            name = header.group(1)
            if name in counts:
                counts[name] += 1
            here = (name, counts.get(name, 0))
        elif (entry := _ENTRY.match(line.rstrip("\r\n"))) and (
            new := written.pop((*here, entry.group(2) or entry.group(3)), None)
        ):
            end = line[len(line.rstrip("\r\n")) :]
            lines[k] = f"{entry.group(1)}{new}{entry.group(5)}{end}"
    found = "".join(lines)
    if written or not _holds(found, tables, values):
        key = next(iter(lists))[2]
        told = ", ".join(f"{name} = {value!r}" for name, value in values.items())
        raise DataError(
            f"{key} does not stand on a line of its own in the model file. Expected `key = number`; write these in by "
            f"hand: {told}.",
            field="model", value=key,
        )  # fmt: skip
    return found


def _holds(text: str, before: dict[str, Any], values: Mapping[str, float]) -> bool:
    """Whether a text is the model from before with these values, and nothing else."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    for name, value in values.items():
        for (table, number, key, index), _ in _places(before, name, value):
            entries = _table(before, table, number)
            if index is None:
                entries[key] = value
            else:
                entries[key][index] = value
    return tables == before


Entry = tuple[str, int, str, int | None]  # table, which of its name, key, entry of a list


def _places(tables: dict[str, Any], full: str, value: float) -> Iterator[tuple[Entry, str]]:
    """Where a parameter stands: under its own name, or in the list of the argument that it is named after."""
    part, _, name = full.partition(".")
    table, number = (part, 0) if part == MOTION else ("sensor", _sensor(tables, part))
    entries = _table(tables, table, number)
    if name in entries:
        yield (table, number, name, None), repr(float(value))
        return
    for key, given in entries.items():
        owners = _owners(entries, key)
        if isinstance(given, list) and len(owners) == len(given) and name in owners:
            yield (table, number, key, owners.index(name)), repr(float(value))
            return
    raise DataError(
        f"{full} does not stand in the model file: expected a key {name!r}. Write it there first.",
        field="model", value=full,
    )  # fmt: skip


def _owners(entries: dict[str, Any], key: str) -> list[str]:
    """What the parameters of a list are called: each after the state, axis or measure that it belongs to."""
    for source in ("measures", "of", "states", "axes"):
        if source in entries:
            names = entries[source] if isinstance(entries[source], list) else [entries[source]]
            return [f"{name}_{key}" for name in names]
    return []


def _table(tables: dict[str, Any], name: str, number: int) -> dict[str, Any]:
    found: dict[str, Any] = tables[name][number] if name == "sensor" else tables[name]
    return found


def _sensor(tables: dict[str, Any], name: str) -> int:
    return [table.get("name") for table in tables["sensor"]].index(name)


def _is_number(value: Any) -> bool:
    return not isinstance(value, list)
