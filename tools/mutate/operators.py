"""The planted defects: for one node of a tree, what a slip of the pen could have made of it.

An operator yields (its name, the place, what stands there instead); a place is (node, field, index).
"""

import ast
from collections.abc import Callable, Iterator

from tools.mutate import templates
from tools.mutate.numerical import numerical
from tools.mutate.place import Change, Found, Place, Surroundings, called, is_text

ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.MatMult: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr,
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
ENTRIES = (ast.Constant, ast.Lambda, ast.Name, ast.Tuple, ast.Attribute)  # of a table


def changes(node: ast.AST, place: Place, near: Surroundings) -> Iterator[Change]:
    """All the defects at one node."""
    for operator in OPERATORS:
        for name, new in operator(node, near):
            yield Change(name, place, new)


def arithmetic(node: ast.AST, near: Surroundings) -> Found:
    """Another operator, or one operand alone."""
    if isinstance(node, ast.BinOp):
        if not is_text(node.left) and not is_text(node.right):
            yield "arithmetic", ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
        yield "operand", node.left
        yield "operand", node.right
    if isinstance(node, ast.AugAssign):
        yield "arithmetic", ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)
        yield "operand", ast.Assign([node.target], node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert):
        yield "sign", node.operand


def logic(node: ast.AST, near: Surroundings) -> Found:
    """Comparisons, and, or, not."""
    if isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            for other in COMPARISONS[type(op)]:
                yield (
                    "comparison",
                    ast.Compare(node.left, [*node.ops[:k], other(), *node.ops[k + 1 :]], node.comparators),
                )
    if isinstance(node, ast.BoolOp):
        yield "logic", ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
        for k in range(len(node.values)):
            rest = node.values[:k] + node.values[k + 1 :]
            yield "operand", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "logic", node.operand


def constants(node: ast.AST, near: Surroundings) -> Found:
    """Numbers a little off, flags turned over, and opcodes in templates exchanged."""
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield "flag", ast.Constant(not value)
    elif isinstance(value, int):
        yield "integer", ast.Constant(value + 1)
        yield "integer", ast.Constant(value - 1)
    elif isinstance(value, float):
        yield "float", ast.Constant(1.01 * value if value else 1.0)
        if value == 1.0:
            yield "float", ast.Constant(0.0)
    elif isinstance(value, str) and near.template and not near.raising:
        for text in templates.changed(value):
            yield "template", ast.Constant(text)


def conditions(node: ast.AST, near: Surroundings) -> Found:
    """Branches forced."""
    if isinstance(node, ast.If):
        yield "forced", ast.If(ast.Constant(True), node.body, node.orelse)
        yield "forced", ast.If(ast.Constant(False), node.body, node.orelse)
    if isinstance(node, ast.While):
        yield "forced", ast.While(ast.Constant(False), node.body, node.orelse)
    if isinstance(node, ast.IfExp):
        yield "forced", node.body
        yield "forced", node.orelse
    if isinstance(node, ast.comprehension):
        for k in range(len(node.ifs)):
            kept = node.ifs[:k] + node.ifs[k + 1 :]
            yield "forced", ast.comprehension(node.target, node.iter, kept, node.is_async)
    if isinstance(node, ast.Call) and called(node) == "select" and len(node.args) == 3:
        condition, a, b = node.args
        yield "select", a
        yield "select", b
        yield "select", ast.Call(node.func, [condition, b, a], [])


def statements(node: ast.AST, near: Surroundings) -> Found:
    """Statements left out, results and arguments lost."""
    if isinstance(node, ast.Expr | ast.AugAssign | ast.Raise | ast.Delete | ast.Break | ast.Continue):
        yield "deleted", ast.Pass()
    if isinstance(node, ast.Break):
        yield "loop", ast.Continue()
    if isinstance(node, ast.Continue):
        yield "loop", ast.Break()
    if isinstance(node, ast.Assign) and all(
        name in near.again or kind != "name" for name, kind in _targets(node)
    ):
        yield "deleted", ast.Pass()
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "result", ast.Return(ast.Constant(None))
    if isinstance(node, ast.Call):
        for k in range(len(node.keywords)):
            yield "argument", ast.Call(node.func, node.args, node.keywords[:k] + node.keywords[k + 1 :])
        if len(node.args) > 1 and called(node) not in {"isinstance", "getattr"}:
            yield "argument", ast.Call(node.func, node.args[:-1], node.keywords)
    if isinstance(node, ast.Dict):
        yield from _exchanged(node)


def ranges(node: ast.AST, near: Surroundings) -> Found:
    """Slices and ranges that start or stop one off."""
    if isinstance(node, ast.Slice):
        for name, absent in (("lower", 0), ("upper", -1)):
            bound = getattr(node, name)
            if not isinstance(bound, ast.Constant | ast.UnaryOp):
                for step in (1, -1) if bound is not None else (1 if absent == 0 else -1,):
                    new = ast.Constant(step) if bound is None else _moved(bound, step)
                    yield "slice", replaced(node, name, new)
    if isinstance(node, ast.Call) and called(node) == "range" and len(node.args) < 3:
        for k, bound in enumerate(node.args):
            if not isinstance(bound, ast.Constant):
                for step in (1, -1):
                    args = [*node.args[:k], _moved(bound, step), *node.args[k + 1 :]]
                    yield "range", ast.Call(node.func, args, [])
        if len(node.args) == 1:
            yield "range", ast.Call(node.func, [ast.Constant(1), *node.args], [])


OPERATORS: list[Callable[[ast.AST, Surroundings], Found]] = [
    arithmetic, logic, constants, conditions, statements, ranges, numerical,
]  # fmt: skip


def _exchanged(node: ast.Dict) -> Found:
    """A table with two neighbouring values exchanged."""
    for k in range(len(node.values) - 1):
        values = list(node.values)
        values[k], values[k + 1] = values[k + 1], values[k]
        if all(isinstance(value, ENTRIES) for value in values[k : k + 2]):
            yield "table", ast.Dict(node.keys, values)


def _moved(bound: ast.expr, step: int) -> ast.expr:
    return ast.BinOp(bound, ast.Add() if step > 0 else ast.Sub(), ast.Constant(1))


def replaced(node: ast.Slice, name: str, new: ast.expr) -> ast.Slice:
    """A slice with another bound."""
    bounds = {"lower": node.lower, "upper": node.upper, "step": node.step, name: new}
    return ast.Slice(bounds["lower"], bounds["upper"], bounds["step"])


def _targets(node: ast.Assign) -> Iterator[tuple[str, str]]:
    for target in node.targets:
        for part in target.elts if isinstance(target, ast.Tuple) else [target]:
            yield (part.id, "name") if isinstance(part, ast.Name) else ("", "place")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
