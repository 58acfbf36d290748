"""The loop of weighted Gram-Schmidt as an LLVM function: each row that changes is read once for each other row.

Row j is subtracted from the rows above it in the same pass that multiplies them with row j - 1, the next one. So row
j - 1 changes first, alone.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from foglight.compiler.backends import jit
from foglight.compiler.backends.llvm_function import TINY, VECTOR, ZERO, Function, V
from foglight.compiler.backends.llvm_text import written

_TOGETHER = 4  # rows in a pass


class _Row(NamedTuple):
    """A row that the others are to be rid of: its number, address, factors, 1 / d, and first column."""

    j: str
    at: str
    u: str
    s: str
    first: str


def combine() -> str:
    """Weighted Gram-Schmidt of the rows of W (k entries each), which it changes; out: the columns of U, below them D.

    floored: 1 if a D below its floor is 0.  triangular: 1 if row j is 0 before column j.  v: a row of scratch.
    """
    sizes = "i64 %ld, i64 %n, i64 %k"
    f = Function(
        f"void @combine(ptr %W, {sizes}, ptr %w, ptr %floors, i64 %floored, i64 %triangular, "
        "ptr %out, i64 %ldo, ptr %v) #0"
    )
    D, has_floors = f.address("%out", f.new("mul i64 %n, %ldo")), f.new("icmp ne i64 %floored, 0")
    whole = f.new(f"and i64 %k, -{VECTOR}")
    among = f.among(f.new(f"sub i64 %k, {whole}"))  # of the vector that begins there
    together = _TOGETHER if jit.best_lanes() == VECTOR else 2  # rows whose sums and factors stay in registers

    def located(j: str) -> tuple[str, str, str]:
        """The address of row j, that of its factors, and its first column."""
        at, u = (f.address(p, f.new(f"mul i64 {j}, {ld}")) for p, ld in (("%W", "%ld"), ("%out", "%ldo")))
        return at, u, f.new(f"mul i64 {f.new(f'and i64 {j}, -{VECTOR}')}, %triangular")

    def weighed(j: str, rid_of: _Row | None) -> _Row:
        """Row j once it is rid of another one, and v, with its D stored."""
        at, u, first = located(j)
        factor = f.broadcast(f.load(rid_of.u, j)) if rid_of else ""

        def terms(c: str, changed: bool) -> list[str]:
            own = f.load(at, c, V)
            if rid_of and changed:
                own = f.minus(own, f.multiply(factor, f.load(rid_of.at, c, V)))
                f.store(own, at, c, V)
            v = f.multiply(own, f.load("%w", c, V))
            f.store(v, "%v", c, V)
            return [f.multiply(v, own)]

        d = f.reduced(_sums(f, 1, "0", rid_of.first if rid_of else whole, whole, among, terms)[0])
        floor = f.load("%floors", f.new(f"mul i64 {j}, %floored"))
        under = f.new(f"and i1 {has_floors}, {f.new(f'fcmp olt double {d}, {floor}')}")
        d = f.new(f"select i1 {under}, double 0.0, double {d}")
        sound = f.new(f"fcmp oge double {d}, {written(TINY)}")
        s = f.new(f"select i1 {sound}, double {f.new(f'fdiv double 1.0, {d}')}, double 0.0")
        f.put(f"call void @filled(ptr {u}, i64 0, i64 1, i64 %n)")
        f.store("1.0", u, j)
        f.store(d, D, j)
        return _Row(j, at, u, s, first)

    def passed(row: _Row, rid_of: _Row | None) -> None:
        """The rows above `row`, rid of the other one, and the factors with which they are to be rid of `row`."""

        def some(count: int) -> Callable[[str], list[str]]:
            def some_rows(i: str) -> list[str]:
                lines = [f.new(f"add i64 {i}, {r}") for r in range(count)]
                sums = [total for k in range(0, count, together) for total in dots(lines[k : k + together])]
                for line, total in zip(lines, f.each_reduced(sums), strict=True):
                    f.store(f.new(f"fmul double {total}, {row.s}"), row.u, line)
                return []

            return some_rows

        def dots(lines: Sequence[str]) -> list[str]:
            at = [f.address("%W", f.new(f"mul i64 {line}, %ld")) for line in lines]
            factors = [f.broadcast(f.load(rid_of.u, line)) for line in lines] if rid_of else []

            def terms(c: str, changed: bool) -> list[str]:
                v, found = f.load("%v", c, V), [f.load(own, c, V) for own in at]
                if rid_of and changed:
                    other = f.load(rid_of.at, c, V)
                    found = [f.minus(x, f.multiply(k, other)) for x, k in zip(found, factors, strict=True)]
                    for own, value in zip(at, found, strict=True):
                        f.store(value, own, c, V)
                return [f.multiply(value, v) for value in found]

            return _sums(f, len(lines), row.first, rid_of.first if rid_of else whole, whole, among, terms)

        done = "0"
        for count in (4, 2, 1):
            until = f.new(f"and i64 {row.j}, -{count}")
            f.loop(until, some(count), first=done, step=count)
            done = until

    last = weighed(f.new("sub i64 %n, 1"), None)
    passed(last, None)

    def next_row(t: str, s: str) -> list[str]:
        before = f.new(f"sub i64 %n, {t}")
        at, u, first = located(before)
        rid_of = _Row(before, at, u, s, first)
        row = weighed(f.new(f"sub i64 {before}, 1"), rid_of)
        passed(row, rid_of)
        return [row.s]

    f.loop("%n", next_row, [("double", last.s)], first="1")
    return f.text()


def _sums(
    f: Function,
    count: int,
    first: str,
    change: str,
    whole: str,
    among: str,
    terms: Callable[[str, bool], Sequence[str]],
) -> list[str]:
    """Sums of `count` vectors over the columns from `first` to %k, which change before from `change` on.

    terms(c, changed): what is added in the columns from c on.
    """

    def over(changed: bool) -> Callable[..., list[str]]:
        return lambda c, *sums: [f.plus(s, t) for s, t in zip(sums, terms(c, changed), strict=True)]

    def rest(c: str, *sums: str) -> list[str]:
        return [f.plus(s, f.select(among, t, ZERO)) for s, t in zip(sums, terms(c, True), strict=True)]

    sums = f.loop(change, over(False), [(V, ZERO)] * count, first=first, step=VECTOR)
    sums = f.loop(whole, over(True), [(V, s) for s in sums], first=change, step=VECTOR)
    return f.loop("%k", rest, [(V, s) for s in sums], first=whole, step=VECTOR)
