"""Conversion of stamps in text to integer nanoseconds: decimal numbers digit by digit, dates by the calendar."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import numpy as np
from numpy.typing import NDArray

from foglight.core.timestamps import NS, rounded

SHARP_SECOND = 2**21  # below this, seconds in float64 still separate neighbouring nanoseconds
MOST_DIGITS = 18  # of an integer that always fits into 64 bits
YEARS = (1678, 2261)  # complete years within the range of 64-bit nanoseconds around 1970
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)


def sharp(stamps: NDArray[np.float64], unit: int) -> bool:
    """Whether stamps as floats, in a unit of `unit` nanoseconds, are accurate to the nanosecond."""
    return not len(stamps) or bool(np.max(np.abs(stamps)) < SHARP_SECOND * (NS // unit))


def from_letters(letters: NDArray[np.uint8], unit: int) -> NDArray[np.int64] | None:
    """Nanoseconds (T,) of plain decimal numbers, one per row of bytes (T, W) padded with 0; None if one is not plain.

    Plain means: an optional sign and at most 18 digits, with no more decimals than resolve a nanosecond.
    """
    powers = len(str(unit)) - 1
    whole = np.zeros(len(letters), np.int64)
    digits = np.zeros(len(letters), np.int64)
    decimals = np.zeros(len(letters), np.int64)
    pointed = np.zeros(len(letters), bool)
    negative = letters[:, 0] == ord("-")
    signed = negative | (letters[:, 0] == ord("+"))
    sound = np.ones(len(letters), bool)
    for k in range(letters.shape[1]):
        letter = letters[:, k]
        digit = letter - np.uint8(ord("0"))  # unsigned: any other character gives 10 or more
        found = digit < 10
        whole = np.where(found, whole * 10 + digit, whole)  # not used if it overflows, beyond 18 digits
        digits += found
        decimals += found & pointed
        point = letter == ord(".")
        sound &= found | (point & ~pointed) | (letter == 0) | (signed if k == 0 else False)
        pointed |= point
    if not (sound & (digits > 0) & (digits <= MOST_DIGITS) & (decimals <= powers)).all():
        return None
    scale = 10 ** (powers - decimals)
    if (whole > np.iinfo(np.int64).max // scale).any():
        return None
    return np.where(negative, -whole, whole) * scale


def from_texts(
    texts: Sequence[str], stamps: NDArray[np.float64], unit: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Nanoseconds of decimal strings, and by how much rounding changed them; `stamps` holds the numbers as floats."""
    try:
        exact = [Decimal(text) * unit for text in texts]
        whole = [number.to_integral_value() for number in exact]
    except InvalidOperation:  # an unusual spelling that only float() accepts: the float is enough
        return rounded(stamps, unit)
    off = np.array([float(a - b) for a, b in zip(whole, exact, strict=True)])
    return np.array([int(number) for number in whole], np.int64), off


def is_date(text: str) -> bool:
    """Whether a string looks like a date: it begins with four digits, a hyphen and two digits."""
    return re.match(r"\d{4}-\d\d", text.strip(), re.ASCII) is not None


def from_dates(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | int:
    """Nanoseconds since 1970 (T,) of ISO 8601 strings, in UTC if they have a zone, and which of them have one.

    If a string is not a date or time of the years 1678 to 2261 with at most nine decimals, the result is only its row.
    """
    uniform = _uniform_dates(texts)
    if uniform is not None:
        return uniform
    bare: list[str] = []
    minutes = np.zeros(len(texts), np.int64)
    aware = np.zeros(len(texts), bool)
    for row, text in enumerate(texts):
        found = _DATE.fullmatch(text.strip())
        if found is None or not YEARS[0] <= int(found[1][:4]) <= YEARS[1]:
            return row
        day, time, zone = found.groups()
        bare.append(f"{day}T{time.replace(',', '.')}" if time else day)
        aware[row] = zone is not None
        east = _minutes(zone)
        if east is None:
            return row
        minutes[row] = east
    try:
        whole = np.array(bare, "datetime64[ns]").astype(np.int64)
    except ValueError:
        return next(row for row, text in enumerate(bare) if not _on_the_calendar(text))
    return whole - minutes * (60 * NS), aware


def _uniform_dates(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | None:
    """The same, converted all at once, if all are valid, in one format and one zone; otherwise None."""
    found = _DATE.fullmatch(texts[0])
    if found is None:
        return None
    first = np.frombuffer(texts[0].encode(), np.uint8)
    try:
        letters = np.array(texts, f"S{len(first) + 1}").view(np.uint8).reshape(len(texts), len(first) + 1)
    except UnicodeEncodeError:
        return None
    fixed = (first < ord("0")) | (first > ord("9"))
    fixed[slice(*found.span(3))] = True  # -1 to -1 if there is no zone
    digits = letters[:, :-1][:, ~fixed] - np.uint8(ord("0"))
    if letters[:, -1].any() or (digits > 9).any() or (letters[:, :-1][:, fixed] != first[fixed]).any():
        return None
    years = digits[:, :4] @ np.array([1000, 100, 10, 1])
    if years.min() < YEARS[0] or years.max() > YEARS[1]:
        return None
    east = _minutes(found[3])
    if east is None:
        return None
    end = found.end(2) if found[2] else found.end(1)
    bare = letters[:, :end].copy()
    bare[:, 10:11] = ord("T")
    bare[bare == ord(",")] = ord(".")
    try:
        whole = bare.view(f"S{end}").ravel().astype("datetime64[ns]").astype(np.int64)
    except ValueError:
        return None
    return whole - east * (60 * NS), np.full(len(texts), found[3] is not None)


def _minutes(zone: str | None) -> int | None:
    """The offset of a zone east of UTC in minutes, or None if it is invalid."""
    if zone is None or zone == "Z":
        return 0
    hours, rest = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
    if hours > 23 or rest > 59:
        return None
    return (60 * hours + rest) * (-1 if zone[0] == "-" else 1)


def _on_the_calendar(text: str) -> bool:
    try:
        np.datetime64(text, "ns")
    except ValueError:
        return False
    return True
