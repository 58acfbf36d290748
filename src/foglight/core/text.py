"""Text for messages: counts, lists and names, shortened to fit in a line."""

from collections.abc import Collection
from dataclasses import dataclass

LONGEST_SHOWN, MOST_SHOWN = 100, 50  # characters of a name, names in a list: a header may hold a million
_FIRST_SHOWN = 3  # names of which the others are of the same kind


def shown(label: str) -> str:
    """A column's name for a message: in quotes, with unprintable characters escaped, and shortened."""
    return repr(label if len(label) <= LONGEST_SHOWN else label[:LONGEST_SHOWN] + "…")


def counted(number: int, what: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {what}{'s' * (number != 1)}"


def listed(names: Collection[str]) -> str:
    """The names separated by commas, shortened to a readable length; "none" for no names."""
    parts = [name if len(name) <= LONGEST_SHOWN else name[:LONGEST_SHOWN] + "…" for name in names]
    return (
        ", ".join([*parts[:MOST_SHOWN], *[f"and {len(parts) - MOST_SHOWN} more"] * (len(parts) > MOST_SHOWN)])
        or "none"
    )


def first_of(names: Collection[str]) -> str:
    """The first names of many of one kind, such as the states of a season: `a, b, c and 9 more`."""
    more = len(names) - _FIRST_SHOWN
    return ", ".join(list(names)[:_FIRST_SHOWN]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True, repr=False)
class Page:
    """Text of several lines that prints as it is, in a terminal and in a notebook."""

    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(self.text)}</pre>"
