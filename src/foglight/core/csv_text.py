"""CSV cells that no spreadsheet takes for a formula."""

import re

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def text_cell(text: str) -> str:
    """A string as one CSV cell: with a leading ' if a spreadsheet would run it as a formula, quoted if CSV needs it.

    A number, such as the label -1 of a track, stays as it is.
    """
    if text.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        text = "'" + text
    if any(mark in text for mark in ',"\r\n'):
        text = '"' + text.replace('"', '""') + '"'
    return text
