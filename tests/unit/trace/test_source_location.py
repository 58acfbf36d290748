"""The location that a message names: the innermost line of the user's own files, and the source text there."""

import _thread
import linecache
import os
import queue
import sys
from types import CodeType, FrameType, ModuleType
from typing import Any

import numpy as np
import pytest

import foglight
from foglight.model import motion, sensing
from foglight.trace.source_location import SourceLocation, foreign, here, of_error

PACKAGE = os.path.dirname(foglight.__file__) + os.sep
OURS, USERS = PACKAGE + "filter_of_a_test.py", os.path.join(os.sep, "home", "models", "car.py")

# Entries of the location table since CPython 3.11, each for a run of up to 8 instructions.
NO_COLUMNS, NO_LOCATION = bytes([0x80 | 13 << 3 | 7, 0]), bytes([0x80 | 15 << 3 | 7])


def code(path: str, *lines: str) -> CodeType:
    """The lines as if they were in a file of that path."""
    text = "\n".join(lines) + "\n"
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    return compile(text, path, "exec")


def run(program: CodeType, **names: Any) -> dict[str, Any]:
    exec(program, names)
    return names


def test_a_location_in_print() -> None:
    location = SourceLocation(os.path.join("home", "car.py"), 12, 5, "x + y")
    assert str(location) == "car.py:12:5 `x + y`"
    assert (
        len(
            {
                location,
                SourceLocation(location.path, 12, 5, "x + y"),
                SourceLocation(location.path, 12, 6, "x + y"),
            }
        )
        == 2
    )


def test_the_call_in_the_words() -> None:
    location = SourceLocation(
        "car.py", 1, 1, "mathsin(2) + len(x) + math.pi * math.sin (math.cos(x)) + np.linalg.norm(x)"
    )
    assert (location.call("math."), location.call("np.linalg.")) == ("sin", "norm")
    assert location.call("np.random.") == ""
    assert SourceLocation("car.py", 1, 1, "mathXsin(x)").call("math.") == ""


def test_the_innermost_line_of_the_user() -> None:
    ours = run(code(OURS, "def f(here):", "    return here()"), here=here)
    numpys = run(
        code(os.path.join(os.sep, "lib", "numpy", "core.py"), "def g(f, here):", "    return f(here)")
    )
    users = code(USERS, "x = 1", "where = x + 1, [  g(f, here) ], x", "wrong = here()")
    found = run(users, f=ours["f"], g=numpys["g"], here=here)
    assert found["where"][1] == [SourceLocation(USERS, 2, 19, "g(f, here)")]
    assert found["wrong"] == SourceLocation(USERS, 3, 9, "here()")


def test_words_over_several_lines_are_the_first_line() -> None:
    found = run(code(USERS, "if True:", "    where = here(", "    )  "), here=here)
    assert found["where"] == SourceLocation(USERS, 2, 13, "where = here(")


def test_no_words_without_the_file() -> None:
    found = run(compile("\nwhere = here()", "<of a test>", "exec"), here=here)
    assert found["where"] == SourceLocation("<of a test>", 2, 9, "")


def test_no_columns_where_python_keeps_none() -> None:
    """As under `python -X no_debug_ranges`, and for an instruction that belongs to no line."""
    call = code(USERS, "where = here()  ").replace(co_linetable=40 * NO_COLUMNS)
    assert run(call, here=here)["where"] == SourceLocation(USERS, 1, 1, "where = here()")
    call = code(USERS, "where = here()").replace(co_linetable=40 * NO_LOCATION)
    assert run(call, here=here)["where"] == SourceLocation(USERS, 0, 1, "")


def test_no_line_of_the_user() -> None:
    """A thread that starts inside the package has no frame of the user."""
    ours = run(code(OURS, "def f(here, put):", "    put(here())"), here=here)
    locations: queue.Queue[SourceLocation] = queue.Queue()
    _thread.start_new_thread(ours["f"], (here, locations.put))
    assert locations.get(timeout=10.0) == SourceLocation("<unknown>", 0, 0, "?")


FAILING = ["def f(x):", "    return 1 / x"]
CAUGHT = ["    except ZeroDivisionError as reason:", "        return of_error(reason)"]


def test_the_deepest_line_of_the_user_in_an_error() -> None:
    f = run(code(OURS, *FAILING))["f"]
    lines = ["def g(x):", "    try:", "        return 2 * h(x)", *CAUGHT, "def h(x):", "    return -f(x)"]
    found = run(code(USERS, *lines), f=f, of_error=of_error)["g"](0)
    assert found == SourceLocation(USERS, 7, 13, "f(x)")


def test_the_line_of_the_error_and_not_the_line_that_is_run_now() -> None:
    lines = ["def g(x):", "    try:", "        1 / x", *CAUGHT]
    assert run(code(USERS, *lines), of_error=of_error)["g"](0) == SourceLocation(USERS, 3, 9, "1 / x")


def test_no_line_of_the_user_in_an_error() -> None:
    lines = [*FAILING, "def g(x):", "    try:", "        f(x)", *CAUGHT]
    assert run(code(OURS, *lines), of_error=lambda reason: [of_error(reason)])["g"](0) == [None]


@pytest.mark.parametrize(
    "path, expected",
    [
        (foglight.__file__, True),
        (os.path.join(PACKAGE, "trace", "graph.py"), True),
        (os.path.join(PACKAGE, "model", "motion.py"), True),
        (PACKAGE.rstrip(os.sep) + "_models" + os.sep + "car.py", False),
        (os.path.join(os.path.dirname(PACKAGE.rstrip(os.sep)), "car.py"), False),
        (np.__file__, True),
        (os.path.join(os.sep, "home", "numpy_models", "car.py"), False),
        ("<frozen runpy>", True),
        ("<string>", False),
    ],
)
def test_whose_file_it_is(path: str | None, expected: bool) -> None:
    assert path is not None and foreign(frame_in(path)) is expected


@pytest.mark.parametrize("module", [motion, sensing])
def test_ready_made_parts_count_as_the_users(module: ModuleType) -> None:
    assert not foreign(frame_in(OURS, __ready_made__=module.__ready_made__))


def frame_in(path: str, **given: Any) -> FrameType:
    """A frame of a function in a file of that path."""
    frame = run(code(path, "def g():", "    return sys._getframe()"), sys=sys, **given)["g"]()
    assert isinstance(frame, FrameType)
    return frame
