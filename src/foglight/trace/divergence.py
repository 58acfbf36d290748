"""Where two calls of a user's function take different paths: the expression that decided differently."""

import sys
from collections.abc import Callable
from itertools import takewhile
from types import CodeType, FrameType
from typing import Any

from foglight.trace.source_location import SourceLocation, of_instruction, of_the_user

_LONGEST = 100_000  # instructions of a call that are compared
Step = tuple[CodeType, int]


def last_common_position(one: Callable[[], Any], other: Callable[[], Any]) -> SourceLocation | None:
    """The last position that both calls reached before their paths part; None where they do not part.

    What the calls return or raise is ignored. None too while a debugger or a profiler traces the program.
    """
    if sys.gettrace() is not None:
        return None
    first, second = _steps(one), _steps(other)
    if first == second:
        return None
    common = list(takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return of_instruction(*common[-1][0]) if common else None


def _steps(call: Callable[[], Any]) -> list[Step]:
    """The instructions of the user's code that a call runs, in order."""
    found: list[Step] = []

    def follow(frame: FrameType, event: str, _: Any) -> Any:
        if event == "call":
            if not of_the_user(frame):
                return None
            frame.f_trace_lines, frame.f_trace_opcodes = False, True
        elif event == "opcode" and len(found) < _LONGEST:
            found.append((frame.f_code, frame.f_lasti))
        return follow

    sys.settrace(follow)
    try:
        call()
    except Exception:
        pass
    finally:
        sys.settrace(None)
    return found
