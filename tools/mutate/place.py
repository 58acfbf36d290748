"""Where in a tree a defect goes, and what an operator may know about that place."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

Found = Iterator[tuple[str, ast.AST]]
Place = tuple[ast.AST, str, int | None]


class Change(NamedTuple):
    """One planted defect."""

    operator: str
    place: Place
    new: ast.AST


class Surroundings(NamedTuple):
    """What an operator may ask about the node's whereabouts."""

    parent: ast.AST
    raising: bool  # inside a raise statement: its texts are messages
    template: bool  # inside a module whose strings become programs
    floats: bool  # inside a module that computes with float64 arrays alone
    bound: frozenset[str]  # names that the function binds
    known: frozenset[str]  # names that the module binds
    again: frozenset[str]  # names bound more than once in the function, so that one may go


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def is_text(node: ast.AST) -> bool:
    """A string, plain or formatted."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
