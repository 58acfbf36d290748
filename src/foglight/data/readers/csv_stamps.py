"""The time column of a CSV file: decimal numbers in a declared unit, or ISO 8601 dates and times."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from foglight.core import timestamps
from foglight.core.errors import DataError, TimeError
from foglight.core.resolution import coarse_row, too_coarse
from foglight.core.timestamps import AWARE, NAIVE, NUMBER
from foglight.data.readers import stamp_text
from foglight.data.readers.csv_cells import MISSING, brief
from foglight.data.readers.table_protocols import NumberedRows, TextTable


def read(table: TextTable, name: str, unit: str, kind: str) -> tuple[NDArray[np.int64], str]:
    """Nanoseconds (T,) and the kind of the stamps. kind: that of the rows before, or "" if these are the first."""
    if kind == NUMBER or (not kind and not stamp_text.is_date(table.text(name, 0))):
        return _numbers(table, name, unit), NUMBER
    return dates(table, name, table.texts(name), kind)


def dates(table: NumberedRows, name: str, texts: Sequence[str], kind: str) -> tuple[NDArray[np.int64], str]:
    """Nanoseconds since 1970 (T,) and the kind of ISO 8601 strings, which must all have a zone or all have none."""
    found = stamp_text.from_dates(texts)
    if isinstance(found, int):
        if texts[found] in MISSING:
            raise _missing(table, found, name, texts[found])
        raise TimeError(
            f"{table.spot(found, name)} = {brief(texts[found])}: expected an ISO 8601 date and time of the years "
            f"1678 to 2261, such as 2026-03-02T10:15:00.25Z. Write it in this form, with at most nine decimals.",
            field=name,
            index=table.index(found),
            value=texts[found],
        )
    whole, aware = found
    kind = kind or (AWARE if aware[0] else NAIVE)
    odd = np.flatnonzero(aware != (kind == AWARE))
    if odd.size:
        row = int(odd[0])
        raise mixed(table, row, name, texts[row], bool(aware[row]))
    return whole, kind


def mixed(table: NumberedRows, row: int, name: str, text: str, aware: bool) -> TimeError:
    """The error for the first date with a zone after dates without one, or the reverse."""
    return TimeError(
        f"{table.spot(row, name)} = {brief(text)} has {'a' if aware else 'no'} zone, but the rows before it have "
        f"{'none' if aware else 'one'}: expected all with a zone, or none. Give every timestamp its zone.",
        field=name,
        index=table.index(row),
        value=text,
    )


def _numbers(table: TextTable, name: str, unit: str) -> NDArray[np.int64]:
    called = "seconds" if unit == "s" else unit
    try:
        values = table.floats(name)
    except DataError as error:
        raise TimeError(
            f"{table.path}, line {error.index}: {name} = {brief(str(error.value))}: expected {called} as a decimal "
            f"number, or ISO 8601 dates in every row. Convert clock times first.",
            field=name,
            index=error.index,
            value=error.value,
        ) from None
    bad = np.flatnonzero(np.isnan(values))
    if bad.size:
        raise _missing(table, int(bad[0]), name, table.text(name, int(bad[0])))
    row = timestamps.beyond(values, unit)
    if row is not None:
        text = table.text(name, row)
        raise TimeError(
            f"{table.spot(row, name)} = {brief(text)[1:-1]} {unit} lies more than 292 years from zero: "
            f"{timestamps.too_far(unit)}",
            field=name,
            index=table.index(row),
            value=text,
        )
    per = timestamps.UNITS[unit]
    if stamp_text.sharp(values, per):
        whole, off = timestamps.rounded(values, per)
    else:
        whole, off = table.digits(name, values, per)
    row = coarse_row(whole, off)
    if row is not None:
        text = table.text(name, row)
        spot = f"{table.spot(row, name)} = {brief(text)[1:-1]} {unit}"
        raise too_coarse(spot, name, table.index(row), text)
    return whole


def _missing(table: NumberedRows, row: int, name: str, text: str) -> TimeError:
    return TimeError(
        f"{table.spot(row, name)} = {text!r} is not a time: every row needs a timestamp. Drop the row or give it one.",
        field=name,
        index=table.index(row),
        value=text,
    )
