"""Where in the user's file a trace failed: file, line, column and the source text there."""

import linecache
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from types import CodeType, FrameType
from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep
_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep
_LONGEST_LINE = 80  # characters of a definition in a message
_INSTALLED = re.compile(r"[\\/](?:site|dist)-packages[\\/](\w+)")


@dataclass(frozen=True)
class SourceLocation:
    """A position in source text; prints as file.py:12:5 `words`.

    inside: the library that this line called and where it happened, such as "scipy"; "" if it happened in the line.
    """

    path: str
    line: int
    column: int
    words: str
    inside: str = ""

    def __str__(self) -> str:
        return f"{os.path.basename(self.path)}:{self.line}:{self.column} `{self.words}`"

    def call(self, prefix: str) -> str:
        """The first function called with this prefix in the words ("math." -> "sin"), or "" if there is none."""
        found = re.search(re.escape(prefix) + r"(\w+)\s*\(", self.words)
        return found.group(1) if found else ""


def here() -> SourceLocation:
    """The innermost position in the user's own files, outside this package and other libraries.

    For a function that itself belongs to an installed library: its outermost position there.
    """
    return _first_of_the_user(_running()) or SourceLocation("<unknown>", 0, 0, "?")


def of_error(reason: BaseException) -> SourceLocation | None:
    """Where the user's function failed: the same for the frames that an error passed through, None without any."""
    trace, passed = reason.__traceback__, []
    while trace is not None:
        passed.append((trace.tb_frame, trace.tb_lasti))
        trace = trace.tb_next
    return _first_of_the_user(reversed(passed))


def of_function(function: Any) -> SourceLocation | None:
    """Where a function, or the call of an object, is defined; None if it has no source, as a built-in one."""
    function = getattr(function, "__wrapped__", function)
    code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
    if code is None:
        return None
    words = linecache.getline(code.co_filename, code.co_firstlineno).strip()
    shown = words if len(words) <= _LONGEST_LINE else words[:_LONGEST_LINE] + "…"
    return SourceLocation(code.co_filename, code.co_firstlineno, 1, shown)


def instead_of(library: str) -> str:
    """What to write instead of a call of a library that needs numbers."""
    table = "Take an interpolation as fog.table(curve), outside the function. " * (library == "scipy")
    formula = "Write the formula with NumPy's functions, or declare the function that calls it: fog.opaque(function)."
    return table + formula


def of_instruction(code: CodeType, instruction: int) -> SourceLocation:
    """The position of one instruction of a function."""
    line, end, column, stop = next(islice(code.co_positions(), instruction // 2, None))
    line = line or 0
    text = linecache.getline(code.co_filename, line)
    # Columns count bytes of UTF-8; names in models are usually ASCII, so characters serve.
    words = text[column:stop] if end == line else text
    return SourceLocation(code.co_filename, line, (column or 0) + 1, words.strip())


def foreign(frame: FrameType) -> bool:
    """Whether a frame runs code of this package or NumPy, and not the user's.

    A module of the package with ready-made parts of models sets `__ready_made__`, and counts as the user's.
    """
    if frame.f_globals.get("__ready_made__"):
        return False
    path = frame.f_code.co_filename
    return path.startswith(_PACKAGE) or f"{os.sep}numpy{os.sep}" in path or path.startswith("<frozen")


def of_the_user(frame: FrameType) -> bool:
    """Whether a frame runs code of the user's own files."""
    return not foreign(frame) and not _library(frame.f_code.co_filename)


def numpy_asks() -> bool:
    """Whether it is NumPy's own Python code that runs, outside this package."""
    outside = next((frame for frame, _ in _running() if not _in_package(frame)), None)
    return outside is not None and foreign(outside)


def _in_package(frame: FrameType) -> bool:
    return foreign(frame) and frame.f_code.co_filename.startswith(_PACKAGE)


def _running() -> Iterator[tuple[FrameType, int]]:
    """The frames that are running, innermost first."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        yield frame, frame.f_lasti
        frame = frame.f_back


def _first_of_the_user(frames: Iterable[tuple[FrameType, int]]) -> SourceLocation | None:
    """The first position of the user among frames, innermost first."""
    inside, outermost = "", None
    for frame, instruction in frames:
        path = frame.f_code.co_filename
        if foreign(frame):
            if outermost is not None and _in_package(frame):
                break  # this package called the library: the library's function is the one that was given
            continue
        library = _library(path)
        found = of_instruction(frame.f_code, instruction)
        if not library:
            return SourceLocation(found.path, found.line, found.column, found.words, inside)
        inside, outermost = inside or library, found
    return outermost


def _library(path: str) -> str:
    """The name of the library that a file belongs to, or "" for a file of the user's own."""
    found = _INSTALLED.search(path)
    if found:
        return found.group(1)
    if path.startswith(_STANDARD_LIBRARY):
        return os.path.splitext(os.path.relpath(path, _STANDARD_LIBRARY).split(os.sep)[0])[0]
    return ""
