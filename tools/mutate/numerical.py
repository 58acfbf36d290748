"""The defects of numerical code: a scale, a transpose, a neighbour's name, a precaution that is lost."""

import ast
from typing import TypeGuard

from tools.mutate.place import Found, Surroundings, called, is_text

KIN = [
    ("i", "j"), ("j", "k"), ("n", "m"), ("e", "eps"), ("R", "S"), ("U", "D"), ("x", "y"), ("P", "P_new"), ("a", "b"),
    ("F", "P"), ("L", "d"), ("s", "d"), ("U", "U_new"), ("D", "D_new"), ("plus", "minus"), ("near", "far"),
    ("low", "high"), ("lower", "upper"), ("f", "v"), ("f", "h"), ("e", "e_white"), ("H", "H_white"), ("x", "point"),
    ("S", "K"), ("t", "i"), ("left", "right"), ("first", "last"), ("U_z", "D_z"), ("r", "R"), ("up", "down"),
    ("rows", "columns"), ("row", "column"), ("old", "new"), ("then", "otherwise"), ("start", "stop"),
    ("mean", "centre"), ("upper", "pivots"), ("bad_R", "bad_S"), ("D", "D_b"), ("U", "U_b"), ("G", "v"),
]  # fmt: skip
TWINS: dict[str, str] = {
    "minimum": "maximum", "min": "max", "any": "all", "sin": "cos", "floor": "rint", "argmax": "argmin",
    "zeros": "ones", "zeros_like": "ones_like", "sinh": "cosh", "hstack": "vstack", "tril": "triu",
    "startswith": "endswith", "append": "extend",
}  # fmt: skip
TWINS |= {b: a for a, b in TWINS.items() if a != "append"}
CONVERSIONS = {
    "tuple", "list", "float", "int", "str", "bool", "dict", "set", "frozenset", "len", "isinstance", "type", "repr",
    "iter", "id", "enumerate", "super", "callable", "hash", "range", "zip",
}  # fmt: skip


def numerical(node: ast.AST, near: Surroundings) -> Found:
    """What goes wrong in filters: a scale, a transpose, a neighbour's name, a lost precaution."""
    if _is_formula(node, near):
        yield "scale", ast.BinOp(ast.Constant(1.01), ast.Mult(), node)
        if near.floats:
            single = ast.Attribute(ast.Name("np", ast.Load()), "float32", ast.Load())
            yield "float32", ast.Call(single, [node], [])
    if isinstance(node, ast.Attribute) and node.attr == "T" and isinstance(node.ctx, ast.Load):
        yield "transpose", node.value
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for a, b in KIN:
            other = b if node.id == a else a if node.id == b else None
            if other in near.bound:
                yield "name", ast.Name(str(other), ast.Load())
    if isinstance(node, ast.Call):
        yield from _calls(node, near)


def _is_formula(node: ast.AST, near: Surroundings) -> TypeGuard[ast.BinOp]:
    """Arithmetic that is no part of a longer one, no bound of a slice, and no text."""
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.MatMult | ast.Pow)
        and not isinstance(near.parent, ast.BinOp | ast.Slice)
        and not near.raising
        and not is_text(node.left)
        and not is_text(node.right)
    )


def _calls(node: ast.Call, near: Surroundings) -> Found:
    name = called(node)
    if isinstance(near.parent, ast.Expr):
        return
    if name in ("reciprocal", "over") and len(node.args) == 1:
        yield "reciprocal", ast.BinOp(ast.Constant(1.0), ast.Div(), node.args[0])
    elif _is_function_of_one(node, name) and not near.raising:
        yield "unwrapped", node.args[0]
    if not node.args and not node.keywords and isinstance(node.func, ast.Attribute):
        yield "unwrapped", node.func.value
    if name in TWINS:
        twin = TWINS[name]
        if isinstance(node.func, ast.Attribute):
            yield "twin", ast.Call(ast.Attribute(node.func.value, twin, ast.Load()), node.args, node.keywords)
        elif twin in near.known or twin in {"min", "max", "any", "all"}:
            yield "twin", ast.Call(ast.Name(twin, ast.Load()), node.args, node.keywords)


def _is_function_of_one(node: ast.Call, name: str) -> bool:
    return (
        len(node.args) == 1
        and not node.keywords
        and name not in CONVERSIONS
        and not name[:1].isupper()
        and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp)
    )
