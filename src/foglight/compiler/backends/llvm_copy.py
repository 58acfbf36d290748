"""The loop that copies entries with any steps between them, as an LLVM function."""

from collections.abc import Callable, Sequence

from foglight.compiler.backends.llvm_function import VECTOR, Function, V

_TILE = 4
_QUARTET = f"<{_TILE} x double>"


def copy() -> str:
    """Entries with any steps between them, to rows with 1 between them; nothing behind a row is written.

    A transposed matrix is copied in tiles, and a row from its end on in vectors. The last of them ends where the row
    does, and begins among those that are copied already.
    """
    f = Function("void @copy(ptr %out, i64 %ldo, ptr %A, i64 %down, i64 %right, i64 %rows, i64 %n) #0")
    tiles = _all(f, "eq i64 %down, 1", f"sge i64 %rows, {_TILE}", f"sge i64 %n, {_TILE}")
    backwards = _all(f, "eq i64 %right, -1", f"sge i64 %n, {VECTOR}", "ne i64 %down, 1")
    _each_step(f, f.new(f"select i1 {tiles}, i64 %rows, i64 0"), _TILE, lambda i: _tiles(f, i))

    def row(copied: Callable[[str, str], None]) -> Callable[[str], list[str]]:
        def one(i: str) -> list[str]:
            a, out = (
                f.address(p, f.new(f"mul i64 {i}, {ld}")) for p, ld in (("%A", "%down"), ("%out", "%ldo"))
            )
            copied(a, out)
            return []

        return one

    def turned(a: str, out: str) -> None:
        def entries(c: str) -> None:
            first = f.new(f"sub i64 {1 - VECTOR}, {c}")
            f.store(f.shuffled(V, f.load(a, first, V), "poison", range(VECTOR)[::-1]), out, c, V)

        _each_step(f, "%n", VECTOR, entries)

    def apart(a: str, out: str) -> None:
        def entry(c: str) -> list[str]:
            f.store(f.load(a, f.new(f"mul i64 {c}, %right")), out, c)
            return []

        f.loop("%n", entry)

    f.loop(f.new(f"select i1 {backwards}, i64 %rows, i64 0"), row(turned))
    f.loop(f.new(f"select i1 {f.new(f'or i1 {tiles}, {backwards}')}, i64 0, i64 %rows"), row(apart))
    return f.text()


def _all(f: Function, *conditions: str) -> str:
    """Whether all of these comparisons hold."""
    first, *others = (f.new(f"icmp {condition}") for condition in conditions)
    for other in others:
        first = f.new(f"and i1 {first}, {other}")
    return first


def _each_step(f: Function, count: str, step: int, body: Callable[[str], None]) -> None:
    """`body` from 0, step, ... on, of which the last begins `step` before the count."""
    last = f.new(f"sub i64 {count}, {step}")

    def some(k: str) -> list[str]:
        body(f.new(f"select i1 {f.new(f'icmp slt i64 {k}, {last}')}, i64 {k}, i64 {last}"))
        return []

    f.loop(count, some, step=step)


def _tiles(f: Function, i: str) -> None:
    """Four rows from the i-th on of a transposed matrix."""
    a, out = f.address("%A", i), f.address("%out", f.new(f"mul i64 {i}, %ldo"))

    def tile(c: str) -> None:
        at = [f.new(f"add i64 {c}, {k}") for k in range(_TILE)]
        given = [f.load(a, f.new(f"mul i64 {k}, %right"), _QUARTET) for k in at]
        for k, column in enumerate(_transposed(f, given)):
            f.store(column, f.address(out, f.new(f"mul i64 {k}, %ldo")), c, _QUARTET)

    _each_step(f, "%n", _TILE, tile)


def _transposed(f: Function, rows: Sequence[str]) -> list[str]:
    """The columns of four rows: pairs of neighbours first."""
    pairs = [
        f.shuffled(_QUARTET, a, b, picks)
        for picks in ((0, 4, 2, 6), (1, 5, 3, 7))
        for a, b in (rows[:2], rows[2:])
    ]
    low, high = (0, 1, 4, 5), (2, 3, 6, 7)
    return [f.shuffled(_QUARTET, pairs[k], pairs[k + 1], picks) for picks in (low, high) for k in (0, 2)]
