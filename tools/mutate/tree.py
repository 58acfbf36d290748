"""Source trees: the modules of the package, and a number for each statement, for coverage."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "foglight"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules() -> list[Path]:
    """Every module of the package, in a fixed order."""
    return sorted(PACKAGE.rglob("*.py"))


def full_name(path: Path) -> str:
    """foglight.trace.symbol for src/foglight/trace/symbol.py."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def short_name(path: Path) -> str:
    """trace/symbol.py."""
    return path.relative_to(PACKAGE).as_posix()


def parse(path: Path) -> ast.Module:
    """The tree of a module."""
    return ast.parse(path.read_text(), str(path))


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements directly in a node."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block:
            yield block


def spots(tree: ast.Module) -> list[ast.stmt | ast.Lambda]:
    """What coverage counts, in a fixed order: statements, and the bodies of lambdas."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.Lambda)]


def is_docstring(node: ast.AST) -> bool:
    """A statement that is only a string."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def first_numbers() -> dict[str, int]:
    """For each module the number of its first spot; "" has the count of all."""
    numbers, total = {}, 0
    for path in modules():
        numbers[full_name(path)] = total
        total += len(spots(parse(path)))
    return numbers | {"": total}


def instrumented(path: Path, first: int) -> ast.Module:
    """The module with a mark set before each statement and in each lambda: `__hits__[number] = 1`."""
    tree = parse(path)
    number = {id(node): first + k for k, node in enumerate(spots(tree))}
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.Lambda):
            mark = ast.Call(
                ast.Name("__mark__", ast.Load()), [ast.Constant(number[id(node)]), ast.Constant(1)], []
            )
            node.body = ast.BoolOp(ast.Or(), [mark, node.body])
        for block in blocks(node):
            block[:] = [new for old in block for new in _marked(old, number)]
    return ast.fix_missing_locations(tree)


def _marked(statement: ast.stmt, number: dict[int, int]) -> list[ast.stmt]:
    late = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    if is_docstring(statement) or late:
        return [statement]
    spot = ast.Subscript(ast.Name("__hits__", ast.Load()), ast.Constant(number[id(statement)]), ast.Store())
    mark = ast.copy_location(ast.Assign([spot], ast.Constant(1)), statement)
    return [mark, statement]
