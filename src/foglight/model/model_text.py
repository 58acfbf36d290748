"""Write new parameter values into a model file: only the numbers change, so comments and layout stay."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from foglight.core.errors import DataError
from foglight.model.model import MOTION

_HEADER = re.compile(r"^\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}")
_ENTRY = re.compile(r"^(\s*(?:([\w-]+)|\"([^\"]+)\")\s*=\s*)([^#]*?)(\s*(?:#.*)?)$")


def with_values(text: str, values: Mapping[str, float]) -> str:
    """The text of a TOML model with these values of its parameters, given by their full names.

    Raises DataError for a parameter that is not written as `key = number`, or in a list, on a line of its own.
    """
    tables = tomllib.loads(text)
    wanted = {
        entry: shown for name, value in values.items() for entry, shown in _entries(tables, name, value)
    }
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
        position: entries[0]
        if _is_number(_table(tables, *position[:2])[position[2]])
        else f"[{', '.join(entries)}]"
        for position, entries in lists.items()
    }
    lines, current, counts = text.splitlines(keepends=True), ("", 0), {"sensor": -1}
    for k, line in enumerate(lines):
        if header := _HEADER.match(line):
            name = header.group(1)
            if name in counts:
                counts[name] += 1
            current = (name, counts.get(name, 0))
        elif (entry := _ENTRY.match(line.rstrip("\r\n"))) and (
            new := written.pop((*current, entry.group(2) or entry.group(3)), None)
        ):
            end = line[len(line.rstrip("\r\n")) :]
            lines[k] = f"{entry.group(1)}{new}{entry.group(5)}{end}"
    found = "".join(lines)
    if written or not _holds(found, tables, values):
        key = next(iter(lists))[2]
        listed = ", ".join(f"{name} = {value!r}" for name, value in values.items())
        raise DataError(
            f"{key} is not on a line of its own in the model file. Expected `key = number`; write these in by "
            f"hand: {listed}.",
            field="model", value=key,
        )  # fmt: skip
    return found


def _holds(text: str, before: dict[str, Any], values: Mapping[str, float]) -> bool:
    """Whether the text is the model from before with these values, and otherwise unchanged."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    for name, value in values.items():
        for (table, number, key, index), _ in _entries(before, name, value):
            entries = _table(before, table, number)
            if index is None:
                entries[key] = value
            else:
                entries[key][index] = value
    return tables == before


Entry = tuple[str, int, str, int | None]  # table, number among tables of that name, key, index in a list


def _entries(tables: dict[str, Any], full: str, value: float) -> Iterator[tuple[Entry, str]]:
    """The entry of a parameter, and its new text: a key of its own, or an element of the list it is named after."""
    part, _, name = full.partition(".")
    if part in tables.get("shared", {}):
        table, number = f"shared.{part}", 0
    else:
        table, number = (part, 0) if part == MOTION else ("sensor", _sensor(tables, part))
    entries = _table(tables, table, number)
    if name in entries:
        yield (table, number, name, None), repr(float(value))
        return
    for key, given in entries.items():
        names = _list_names(entries, key)
        if isinstance(given, list) and len(names) == len(given) and name in names:
            yield (table, number, key, names.index(name)), repr(float(value))
            return
    raise DataError(
        f"{full} is not in the model file: expected a key {name!r}. Add it first.",
        field="model", value=full,
    )  # fmt: skip


def _list_names(entries: dict[str, Any], key: str) -> list[str]:
    """The names of the parameters in a list, each named after the state, axis or measure that it belongs to."""
    for source in ("measures", "of", "states", "axes"):
        if source in entries:
            names = entries[source] if isinstance(entries[source], list) else [entries[source]]
            return [f"{name}_{key}" for name in names]
    return []


def _table(tables: dict[str, Any], name: str, number: int) -> dict[str, Any]:
    top, _, group = name.partition(".")
    found: Any = tables[top][number] if top == "sensor" else tables[top]
    entries: dict[str, Any] = found[group] if group else found
    return entries


def _sensor(tables: dict[str, Any], name: str) -> int:
    return [table.get("name") for table in tables["sensor"]].index(name)


def _is_number(value: Any) -> bool:
    return not isinstance(value, list)
