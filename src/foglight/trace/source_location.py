"""Where in the user's file a trace failed: file, line, column and the source text there."""

import linecache
import os
import re
import sys
from dataclasses import dataclass
from itertools import islice
from types import FrameType

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep


@dataclass(frozen=True)
class SourceLocation:
    """A position in source text; prints as file.py:12:5 `words`."""

    path: str
    line: int
    column: int
    words: str

    def __str__(self) -> str:
        return f"{os.path.basename(self.path)}:{self.line}:{self.column} `{self.words}`"

    def call(self, prefix: str) -> str:
        """The first function called with this prefix in the words ("math." -> "sin"), or "" if there is none."""
        found = re.search(re.escape(prefix) + r"(\w+)\s*\(", self.words)
        return found.group(1) if found else ""


def here() -> SourceLocation:
    """The innermost position outside this package and NumPy."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and foreign(frame):
        frame = frame.f_back
    if frame is None:
        return SourceLocation("<unknown>", 0, 0, "?")
    return of_frame(frame, frame.f_lasti)


def of_error(reason: BaseException) -> SourceLocation | None:
    """Where the user's function failed: the deepest frame outside this package and NumPy."""
    trace, found = reason.__traceback__, None
    while trace is not None:
        if not foreign(trace.tb_frame):
            found = of_frame(trace.tb_frame, trace.tb_lasti)
        trace = trace.tb_next
    return found


def of_frame(frame: FrameType, instruction: int) -> SourceLocation:
    """The position of one instruction of a frame."""
    code = frame.f_code
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
