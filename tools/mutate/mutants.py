"""All mutants of a module, each with a name that survives when lines move."""

import ast
import copy
import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType

from tools.mutate.areas import FLOATS, has_templates
from tools.mutate.operators import changes
from tools.mutate.place import Change, Place, Surroundings
from tools.mutate.tree import FUNCTIONS, blocks, is_docstring, parse, short_name, spots

UNTOUCHED = {"__all__", "__slots__", "__hash__"}


@dataclass(frozen=True)
class Mutant:
    """One planted defect: where it is, what stood there, what stands there now."""

    key: str
    module: str
    path: Path
    function: str
    operator: str
    line: int
    before: str
    after: str
    spot: int  # number within the module of the statement it is in
    around: frozenset[int]  # numbers of the statements of its function, or of the statement outside
    tree: ast.Module = field(repr=False)
    change: Change = field(repr=False)

    def plant(self) -> ast.Module:
        """The module with this defect in it, for the rest of the process."""
        Planted(self.change).__enter__()
        return self.tree


class Planted:
    """A tree with a change in it, for the time of a with block."""

    def __init__(self, change: Change) -> None:
        self.node, self.name, self.index = change.place
        self.new = change.new

    def _put(self, new: object) -> object:
        if self.index is None:
            old = getattr(self.node, self.name)
            setattr(self.node, self.name, new)
        else:
            sequence = getattr(self.node, self.name)
            old, sequence[self.index] = sequence[self.index], new
        return old

    def __enter__(self) -> None:
        self.old = self._put(self.new)
        if isinstance(self.new, ast.AST):
            _locate(self.new, getattr(self.old, "lineno", 1))

    def __exit__(self, *exception: object) -> None:
        self._put(self.old)


def _locate(node: ast.AST, line: int) -> None:
    """Line numbers for new nodes, so that the tree compiles."""
    for part in ast.walk(node):
        if "lineno" in part._attributes and getattr(part, "lineno", None) is None:
            part.lineno = part.end_lineno = line  # type: ignore[attr-defined]
            part.col_offset = part.end_col_offset = 0  # type: ignore[attr-defined]


@dataclass(frozen=True)
class _Where:
    """The way down to a node."""

    statement: ast.stmt
    top: ast.stmt  # what is compiled to compare: a function, a method, or a statement outside
    spot: ast.AST
    template: bool
    function: str = ""
    inside: bool = False
    bound: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    raising: bool = False


def mutants(path: Path, page: str | None = None) -> list[Mutant]:
    """Every mutant of a module whose bytecode differs from the original's and from each other's.

    page: only the mutants of lines that this text names in the form of `named`, which is much quicker.
    """
    tree, module = parse(path), short_name(path)
    numbers = {id(node): k for k, node in enumerate(spots(tree))}
    known = frozenset(_stored(tree)) | {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    seen: set[object] = set()
    originals: dict[int, object] = {}
    around: dict[int, frozenset[int]] = {}
    ordinals: dict[tuple[str, ...], int] = {}
    lines: dict[ast.stmt, str] = {}
    result = []
    for node, place, where in _walk(tree, has_templates(module)):
        before = lines.get(where.statement)
        if before is None:
            before = lines[where.statement] = _line(where.statement)
        if page is not None and named(module, where.function, before) not in page:
            continue
        near = Surroundings(
            place[0], where.raising, where.template, module in FLOATS, where.bound, known, where.again
        )
        top = id(where.top)
        if top not in originals:
            originals[top] = _bytecode(where.top)
            around[top] = frozenset(numbers[id(n)] for n in ast.walk(where.top) if id(n) in numbers)
        for change in changes(node, place, near):
            with Planted(change):
                planted = change.new if place[0] is tree else where.top
                try:
                    code = _bytecode(planted)
                except (SyntaxError, ValueError, TypeError):
                    continue
                after = _line(change.new if node is where.statement else where.statement)
            if code == originals[top] or (top, code) in seen:
                continue
            seen.add((top, code))
            name = (module, where.function, change.operator, before, after)
            ordinal = ordinals[name] = ordinals.get(name, -1) + 1
            key = hashlib.sha256("\0".join((*name, str(ordinal))).encode()).hexdigest()[:8]
            line = getattr(node, "lineno", where.statement.lineno)
            spot = numbers[id(where.spot)]
            result.append(
                Mutant(
                    key,
                    module,
                    path,
                    where.function,
                    change.operator,
                    line,
                    before,
                    after,
                    spot,
                    around[top],
                    tree,
                    change,
                )
            )
    return result


def named(module: str, function: str, line: str) -> str:
    """How tests/mutation.md names a line of the source."""
    return f"{module} {function or 'module'}: `{line}`"


def _walk(tree: ast.Module, template: bool) -> Iterator[tuple[ast.AST, Place, _Where]]:
    for index, statement in enumerate(tree.body):
        yield from _descend(
            statement, (tree, "body", index), _Where(statement, statement, statement, template)
        )


def _descend(node: ast.AST, place: Place, where: _Where) -> Iterator[tuple[ast.AST, Place, _Where]]:
    if _left_alone(node, where):
        return
    if isinstance(node, ast.stmt):
        raising = where.raising or isinstance(node, ast.Raise)
        where = replace(where, statement=node, spot=node, raising=raising)
    if isinstance(node, ast.Lambda):
        where = replace(where, spot=node, bound=where.bound | _arguments(node))
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        where = replace(where, function=f"{where.function}.{node.name}".lstrip("."))
        if isinstance(node, FUNCTIONS):
            if not where.inside:
                where = replace(where, top=node, inside=True)
            stored = _stored(node)
            again = {name for name in stored if stored.count(name) > 1} | _arguments(node)
            where = replace(where, bound=where.bound | set(stored) | _arguments(node), again=frozenset(again))
    else:
        yield node, place, where
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "ctx", "type_params"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield from _descend(child, (node, name, index), where)


def _left_alone(node: ast.AST, where: _Where) -> bool:
    """Documentation, declarations of types, imports, and how things are displayed."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert) or is_docstring(node):
        return True
    if isinstance(node, FUNCTIONS):
        marks = " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
        return node.name == "__repr__" or "overload" in marks or "abstractmethod" in marks
    if isinstance(node, ast.ClassDef):
        return any("Protocol" in ast.unparse(base) for base in node.bases)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id in UNTOUCHED or (not where.function and _is_type(node.value))
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    if isinstance(node, ast.JoinedStr):
        return where.raising or not where.template
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"cast", "TypeVar"}
    )


def _is_type(node: ast.expr) -> bool:
    """An alias such as Array = NDArray[np.float64]."""
    return (
        isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id[:1].isupper()
    )


def _arguments(node: ast.AST) -> frozenset[str]:
    arguments: ast.arguments = node.args  # type: ignore[attr-defined]
    return frozenset(part.arg for part in ast.walk(arguments) if isinstance(part, ast.arg))


def _stored(node: ast.AST) -> list[str]:
    """The names that a tree binds, as often as it binds them."""
    return [
        part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    ]


def _line(node: ast.AST) -> str:
    """A statement as one line of text, without the statements in it."""
    if any(True for _ in blocks(node)):
        node = copy.copy(node)
        for name in ("body", "orelse", "finalbody"):
            if getattr(node, name, None):
                setattr(node, name, [ast.Pass()] if name == "body" else [])
        if isinstance(node, ast.Try):
            node.handlers, node.finalbody = [], [ast.Pass()]
        return ast.unparse(node).replace("\n    pass", "").strip()
    return ast.unparse(node).strip()


def _bytecode(statement: ast.AST) -> object:
    """What a statement compiles to, without line numbers."""
    module = ast.Module([statement], [])  # type: ignore[list-item]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return _plain(compile(ast.fix_missing_locations(module), "", "exec", dont_inherit=True))


def _plain(code: object) -> object:
    if isinstance(code, CodeType):
        constants = tuple(_plain(c) for c in code.co_consts)
        names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
        return (code.co_code, code.co_exceptiontable, code.co_argcount, code.co_flags, constants, names)
    if isinstance(code, tuple | frozenset):
        return (type(code), tuple(_plain(c) for c in code))
    return (type(code), repr(code))
