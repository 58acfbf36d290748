"""What a peer offers for one problem: a call to time, and how to read its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from answers import Answer


def nothing() -> None:
    """No preparation."""


@dataclass(frozen=True)
class Contender:
    """`call` does the whole job once, over `steps` filter steps; `read` turns what it returned into an Answer.

    Everything that a user does once (building, compiling) happens before. `prepare` runs before every call;
    neither it nor `read` is timed.
    """

    name: str
    steps: int
    call: Callable[[], Any]
    read: Callable[[Any], Answer]
    prepare: Callable[[], None] = nothing
