"""The loop of rotations as an LLVM function: equations that join others, see `equations.information`."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from foglight.compiler.backends.llvm_function import TINY, VECTOR, ZERO, Function, V
from foglight.compiler.backends.llvm_text import written


def join() -> str:
    """Rotate m more equations, one after the other, into n equations E: d, C and y side by side.

    left: their coefficients, each in the column of E that it belongs to, and below them the sizes of their terms; both
    are used up.  Four equations at a time go through E, so that each of its rows is read once for all of them.
    """
    f = Function("void @join(ptr %E, i64 %ld, i64 %n, ptr %left, i64 %step, ptr %r, i64 %m, double %seen) #0")
    end = f.new("add i64 %n, 2")
    below = f.address("%left", f.new("mul i64 %m, %step"))

    def some(count: int) -> Callable[[str], list[str]]:
        def equations(i: str) -> list[str]:
            numbers = [f.new(f"add i64 {i}, {b}") for b in range(count)]
            offsets = [f.new(f"mul i64 {number}, %step") for number in numbers]
            lefts, sizes = ([f.address(base, offset) for offset in offsets] for base in ("%left", below))

            def row(j: str, *state: str) -> list[str]:
                start, column = f.address("%E", f.new(f"mul i64 {j}, %ld")), f.new(f"add i64 {j}, 1")
                d, corner = f.load(start, "0"), f.load(start, column)
                rotations, variances, filled = [], [], []
                for b in range(count):
                    own = (f.load(lefts[b], column), f.load(sizes[b], column))
                    rotation = _rotation(f, *own, state[b], state[count + b], d, corner)
                    rotations.append(rotation)
                    d, corner = rotation.d, rotation.corner
                    variances.append(rotation.r)
                    filled.append(rotation.filled)
                f.store(d, start, "0")
                f.store(corner, start, column)
                _rotate(f, start, column, end, rotations, lefts, sizes)
                return [*variances, *filled]

            given = [("double", f.load("%r", number)) for number in numbers]
            f.loop("%n", row, [*given, *[("i1", "false")] * count])
            return []

        return equations

    fours = f.new("and i64 %m, -4")
    f.loop(fours, some(4), step=4)
    f.loop("%m", some(1), first=fours)
    return f.text()


class _Rotation(NamedTuple):
    """One rotation: h, kept and given, whether it changes anything, and d, the corner, r and `filled` after it."""

    h: str
    kept: str
    given: str
    moves: str
    d: str
    corner: str
    r: str
    filled: str


def _rotation(
    f: Function, coefficient: str, size: str, r: str, filled: str, d: str, corner: str
) -> _Rotation:
    """The rotation of an equation with this coefficient into a row with this d, and this corner on its diagonal."""
    tiny = written(TINY)
    magnitude = f.new(f"call double @llvm.fabs.f64(double {coefficient})")
    large = f.new(f"fcmp ogt double {magnitude}, {f.new(f'fmul double {size}, %seen')}")
    counts = f.new(f"and i1 {large}, {f.new(f'xor i1 {filled}, true')}")
    h = f.new(f"select i1 {counts}, double {coefficient}, double 0.0")
    square = f.new(f"fmul double {h}, {h}")
    s = f.new(f"fadd double {r}, {f.new(f'fmul double {square}, {d}')}")
    sound, strong = (f.new(f"fcmp oge double {v}, {tiny}") for v in (s, square))
    kept = f.new(f"select i1 {sound}, double {f.new(f'fdiv double {r}, {s}')}, double 1.0")
    share = f.new(f"select i1 {sound}, double {f.new(f'fdiv double 1.0, {s}')}, double 0.0")
    given = f.new(f"fmul double {f.new(f'fmul double {h}, {d}')}, {share}")
    empty = f.new(f"fcmp oeq double {corner}, 0.0")
    inverse = f.new(f"select i1 {strong}, double {f.new(f'fdiv double 1.0, {square}')}, double 0.0")
    own = f.new(f"fmul double {r}, {inverse}")
    light = f.new(f"fcmp olt double {f.new(f'fmul double {own}, {tiny}')}, 1.0")
    found = f.new(f"and i1 {strong}, {light}")

    def where_empty(one: str, other: str, otherwise: str) -> str:
        chosen = f.new(f"select i1 {found}, double {one}, double {other}")
        return f.new(f"select i1 {empty}, double {chosen}, double {otherwise}")

    new_d = where_empty(own, "1.0", f.new(f"fmul double {kept}, {d}"))
    kept = where_empty("0.0", "1.0", kept)
    given = where_empty(f.new(f"fmul double {h}, {inverse}"), "0.0", given)
    moves = f.new(f"fcmp une double {h}, 0.0")
    begins = f.new(f"and i1 {moves}, {f.new(f'and i1 {empty}, {found}')}")
    return _Rotation(
        h, kept, given, moves,
        d=f.new(f"select i1 {moves}, double {new_d}, double {d}"),
        corner=f.new(f"select i1 {begins}, double 1.0, double {corner}"),
        r=f.new(f"select i1 {moves}, double {s}, double {r}"),
        filled=f.new(f"or i1 {filled}, {begins}"),
    )  # fmt: skip


def _rotate(
    f: Function,
    start: str,
    column: str,
    end: str,
    rotations: Sequence[_Rotation],
    lefts: Sequence[str],
    sizes: Sequence[str],
) -> None:
    """The entries of a row, and of the equations rotated into it, behind a column; all at once if all rotations change
    something, else one equation after the other. Without a coefficient the row stays as it is: no entry is visited."""
    first = f.new(f"and i64 {f.new(f'add i64 {column}, 1')}, -{VECTOR}")
    together = rotations[0].moves
    for rotation in rotations[1:]:
        together = f.new(f"and i1 {together}, {rotation.moves}")

    def entries(which: Sequence[int]) -> Callable[[str], list[str]]:
        wide = {b: [f.broadcast(v) for v in rotations[b][:3]] for b in which}

        def some(c: str) -> list[str]:
            before = f.among(f.new(f"sub i64 {f.new(f'add i64 {column}, 1')}, {c}"))
            within = f.among(f.new(f"sub i64 {end}, {c}"))
            inside = f.new(f"and {f.mask} {within}, {f.operation('not', [before])}")
            given = f.load(start, c, V)
            entry = f.select(inside, given, ZERO)
            for b in which:
                h, kept, share = wide[b]
                a, term = f.load(lefts[b], c, V), f.multiply(h, entry)
                entry = f.plus(f.multiply(kept, entry), f.multiply(share, a))
                f.store(f.minus(a, term), lefts[b], c, V)
                size = f.new(f"call {V} @llvm.fabs.v{VECTOR}f64({V} {term})")
                f.store(f.plus(f.load(sizes[b], c, V), size), sizes[b], c, V)
            f.store(f.select(inside, entry, given), start, c, V)
            return []

        return some

    every = range(len(rotations))
    f.loop(f.new(f"select i1 {together}, i64 {end}, i64 0"), entries(every), first=first, step=VECTOR)
    for b in every if len(rotations) > 1 else ():
        alone = f.new(f"select i1 {together}, i1 false, i1 {rotations[b].moves}")
        f.loop(f.new(f"select i1 {alone}, i64 {end}, i64 0"), entries([b]), first=first, step=VECTOR)
