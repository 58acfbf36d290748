"""What the arguments of a structural model may say: whether a component is random, and which there are."""

from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError

RANDOM, FIXED, SMOOTH = "random", "fixed", "smooth"


def choice(value: Any, field: str, allowed: tuple[str | None, ...], *, without: bool = False) -> Any:
    """The value, if it is one of these words. without: whether the series has no level, so that only None will do."""
    if isinstance(value, str | None) and value in allowed:
        if value is not None and without:
            raise ModelError(
                f"{field} = {value!r}: the series has no level that could have a slope: expected None. "
                "Write level='random' or 'fixed'.",
                field=field, value=value,
            )  # fmt: skip
        return value
    words = ", ".join(repr(word) for word in allowed)
    raise ModelError.expected(field, value, f"one of {words}", f"Write {field}={allowed[0]!r}.")


def count(value: Any, field: str, example: str, *, least: int = 1) -> int:
    """A whole number of at least `least`."""
    if not checks.is_whole(value) or int(value) < least:
        raise ModelError.expected(field, value, f"a whole number of at least {least}", f"Write {example}.")
    return int(value)
