"""Frequencies of time series: what a period is, by its name."""

import re
from dataclasses import dataclass
from typing import Any

from foglight.core.errors import TimeError
from foglight.core.text import listed

_UNITS = {  # of a period: months, days, business days or seconds, and how many of them
    "year": ("M", 12), "quarter": ("M", 3), "month": ("M", 1), "week": ("D", 7), "business day": ("B", 1),
    "day": ("D", 1), "hour": ("s", 3_600), "minute": ("s", 60), "second": ("s", 1),
}  # fmt: skip
WORDS = tuple(_UNITS)
_ALIASES = {
    "year": "Y YE YS A AS BYE BYS", "quarter": "Q QE QS BQE BQS", "month": "M ME MS BME BMS", "week": "W",
    "business day": "B", "day": "D", "hour": "h H", "minute": "min T", "second": "s S",
}  # fmt: skip
_WORD_OF = {alias: word for word, aliases in _ALIASES.items() for alias in aliases.split()}
_MOST = 100_000  # words in a period


@dataclass(frozen=True)
class Frequency:
    """What a period is: so many months, days, business days or seconds.

    multiple, word: the same for people, such as 15 and "minute". on_business_days: whether the date of a period of
    months is its first or last business day.
    """

    multiple: int
    word: str
    on_business_days: bool = False

    @property
    def unit(self) -> str:
        """M, D, B or s: months, days, business days or seconds."""
        return _UNITS[self.word][0]

    @property
    def count(self) -> int:
        """How many units a period has."""
        return self.multiple * _UNITS[self.word][1]

    def __str__(self) -> str:
        return self.word if self.multiple == 1 else f"{self.multiple} {self.word}s"

    @classmethod
    def seconds(cls, count: int) -> "Frequency":
        """A period of so many seconds, in hours or minutes where these are whole."""
        word = next(word for word in ("hour", "minute", "second") if count % _UNITS[word][1] == 0)
        return cls(count // _UNITS[word][1], word)

    @classmethod
    def of(cls, freq: Any) -> "Frequency":
        """A frequency by its name, such as "month", "15 minutes" or pandas' "MS"; TimeError for anything else."""
        found = frequency_or_none(freq)
        if found is None:
            raise TimeError.expected(
                "freq", freq, f"one of {listed(WORDS)}, or several, as in '15 minutes'", "Write freq='month'."
            )
        return found


def frequency_or_none(freq: Any) -> Frequency | None:
    """A frequency by its name, or None if there is no such frequency."""
    if isinstance(freq, Frequency):
        return freq
    freq = getattr(freq, "freqstr", freq)  # an offset of pandas
    match = (
        re.fullmatch(r"(\d*)\s*([A-Za-z ]+?)(-[A-Z]{3})?", freq.strip()) if isinstance(freq, str) else None
    )
    if match is None:
        return None
    multiple, name = int(match[1] or 1), match[2]
    word = _WORD_OF.get(name) or name.lower().removesuffix("s")
    if word not in _UNITS or not 1 <= multiple <= (1 if word == "business day" else _MOST):
        return None
    return Frequency(multiple, word, name in _WORD_OF and name.startswith("B") and word != "business day")
