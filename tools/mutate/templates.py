"""Defects in the strings that become programs: LLVM instructions and C."""

import re
from collections.abc import Iterator

WORDS = {
    "fadd": "fsub", "fsub": "fadd", "fmul": "fdiv", "fdiv": "fmul", "fneg": "fadd",
    "olt": "ole", "ole": "olt", "ogt": "oge", "oge": "ogt", "oeq": "une", "une": "oeq", "uno": "ord", "ord": "uno",
    "lshr": "shl", "shl": "lshr", "and": "or", "or": "and", "xor": "and", "add": "sub", "sub": "add", "mul": "add",
    "eq": "ne", "ne": "eq", "slt": "sle", "ult": "ule", "sgt": "sge", "true": "false", "false": "true",
    "sqrt": "fabs", "floor": "rint", "rint": "floor", "fabs": "sqrt", "i64": "i32", "double": "float",
    "NAN": "0", "INFINITY": "NAN", "uint64_t": "uint32_t", "uint32_t": "uint16_t", "carry": "next", "next": "carry",
}  # fmt: skip
SIGNS = {
    "<=": "<", "<": "<=", ">=": ">", ">": ">=", "==": "!=", "!=": "==", "&&": "||", "||": "&&", "&": "|", "|": "&",
    "<<=": ">>=", "<<": ">>", ">>": "<<", "+=": "=", "-=": "+=", "|=": "=", "+": "-", "-": "+", "*": "/", "!": "",
    "++": "--",
}  # fmt: skip
TOKEN = re.compile(
    r"[A-Za-z_][A-Za-z_0-9]*|<<=|\+=|-=|\|=|<=|>=|==|!=|&&|\|\||<<|>>|\+\+|"
    r"(?<= )[<>&|+*/-](?= )|^[<>&|+*-]$|!(?=[a-z({]|$)|"
    r"(?<![\w.%])\d+(?![\w.])"
)
REMARK = re.compile(r"/\*.*?\*/|^ \*.*$", re.DOTALL | re.MULTILINE)


def changed(text: str) -> Iterator[str]:
    """The text with one token exchanged, for each token that has a twin; remarks are left alone."""
    remarks = [match.span() for match in REMARK.finditer(text)]
    for match in TOKEN.finditer(text):
        start, stop = match.span()
        if any(a <= start < b for a, b in remarks):
            continue
        token = match.group()
        if token.isdigit():
            new: str | None = str(int(token) + 1)
        else:
            new = WORDS.get(token, SIGNS.get(token))
        if new is not None:
            yield text[:start] + new + text[stop:]
