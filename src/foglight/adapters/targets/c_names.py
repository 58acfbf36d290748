"""Names that C and C++ accept."""

import re
from collections.abc import Iterable

_WORDS = """
and asm auto bitand bitor bool break case catch char class compl const constexpr continue default delete do double
else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not
nullptr operator or private protected public register return short signed sizeof static struct switch template this
throw true try typedef typeid typename union unsigned using virtual void volatile while xor std main
"""
WORDS = frozenset(_WORDS.split())  # of C and C++: none of them can name a namespace


def c_names(labels: Iterable[str]) -> list[str]:
    """Labels as parts of C identifiers, all different: `radar.range` is radar_range."""
    found: list[str] = []
    for label in labels:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", label)
        k, name = 1, plain
        while name in found:
            k += 1
            name = f"{plain}_{k}"
        found.append(name)
    return found
