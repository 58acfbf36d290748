"""Messages of the library in the words of the command line: `--unit ms` where they say unit='ms'."""

import ast
import re
import shlex
from collections.abc import Iterable
from typing import Any

import click

_CALL = re.compile(r"\w\([^()]*$")  # text that ends within the arguments of a call
_VALUE = r"""'[^']*'|"[^"]*"|\{[^{}]*\}|\[[^\[\]]*\]|(?:-?\d[\w.+]*\d|-?\d|True|False)\b"""


def in_options(text: str, command: click.Command) -> str:
    """A text that names arguments of the library with the options of a command that have their names.

    An argument that the command has no option for stays as it is, and so do those in calls of Python."""
    options = {one.name: one for one in command.params if isinstance(one, click.Option) and one.name}
    if not options:
        return text
    names, words = _any_of(options), _any_of([name for name in options if "_" in name])
    named = re.compile(
        rf"(?<![\w.\-'\"])(?:(?P<name>{names})=(?P<value>{_VALUE})?(?![\w…])"
        rf"|^(?P<first>{names}) = (?=\S+: expected)"
        rf"|(?P<word>{words})(?![\w.=(\['\"]))"
    )

    def spoken(match: re.Match[str]) -> str:
        if _CALL.search(text[: match.start()]):
            return match[0]
        name = match["name"] or match["first"] or match["word"]
        option = options[name]
        # A mapping for a flag has an option of its own, --hold-from.
        if (match["value"] or "").startswith("{"):
            option = options.get(f"{name}_from", option)
        end = " " if match["first"] else ""
        return _with_value(option, match["value"], match[0]) + end

    return re.sub(r"(--[\w-]+) \(\1\)", r"\1", named.sub(spoken, text))  # the library names --sort itself


def _any_of(names: Iterable[str]) -> str:
    """A pattern for any of these names, the longest first; one that nothing fits if there is none."""
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True)) or r"(?!)"


def _with_value(option: click.Option, value: str | None, given: str) -> str:
    """An option and its value, each entry of a list or a mapping with an option of its own; value: in Python."""
    flag = max(option.opts, key=len)
    if value is None:
        return flag
    try:
        found: Any = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return given
    if option.is_flag:
        return flag if found is True else given
    if isinstance(found, dict):
        return " ".join(f"{flag} {shlex.quote(f'{old}={new}')}" for old, new in found.items())
    if isinstance(found, list):
        return " ".join(f"{flag} {shlex.quote(str(one))}" for one in found)
    return f"{flag} {shlex.quote(found) if isinstance(found, str) else value}"
