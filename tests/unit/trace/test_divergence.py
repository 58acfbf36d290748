"""The expression at which two calls of a function part."""

import sys
from functools import partial
from typing import Any

import pytest

from foglight.trace.divergence import last_common_position

pytestmark = pytest.mark.skipif(
    sys.gettrace() is not None, reason="a debugger or a measurement of coverage traces"
)


def helper(value: Any) -> Any:
    return value * 2 if isinstance(value, float) else value


def chosen(value: Any) -> Any:
    before = [value, value]
    found = helper(before[0])
    return found


def looped(count: int) -> Any:
    total = 0
    for _ in range(count):
        total += 1
    return total


def quotient(value: Any) -> Any:
    return 1 / value + 3


def failing(value: Any) -> Any:
    try:
        return 1 / value
    except ZeroDivisionError:
        return 0


def test_the_expression_that_decided() -> None:
    for one, other in ((1.0, 1), (1, 1.0)):
        found = last_common_position(partial(chosen, one), partial(chosen, other))
        assert found is not None and found.path == __file__
        assert found.line == helper.__code__.co_firstlineno + 1 and "isinstance(value, float)" in found.words
    caught = last_common_position(partial(failing, 0), partial(failing, 2))
    assert caught is not None and caught.words == "1 / value"
    loop = last_common_position(partial(looped, 2), partial(looped, 3))
    assert loop is not None and loop.line == looped.__code__.co_firstlineno + 2


def test_a_call_that_ends_where_the_other_goes_on() -> None:
    found = last_common_position(partial(quotient, 0), partial(quotient, 2))
    assert found is not None and found.words == "1 / value"


def test_none_where_they_do_not_part() -> None:
    assert last_common_position(partial(chosen, 1.0), partial(chosen, 2.0)) is None


def test_errors_are_ignored_and_tracing_is_restored() -> None:
    def wrong(value: Any) -> Any:
        if value:
            raise KeyError(value)
        return value

    found = last_common_position(partial(wrong, 1), partial(wrong, 0))
    assert found is not None and found.line == wrong.__code__.co_firstlineno + 1
    assert sys.gettrace() is None


def test_nothing_is_said_under_a_debugger() -> None:
    sys.settrace(lambda *arguments: None)
    try:
        assert last_common_position(partial(chosen, 1.0), partial(chosen, 1)) is None
        assert sys.gettrace() is not None
    finally:
        sys.settrace(None)


def test_a_long_call_is_compared_at_its_beginning_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foglight.trace.divergence._LONGEST", 20)
    assert last_common_position(partial(looped, 1000), partial(looped, 2000)) is None
