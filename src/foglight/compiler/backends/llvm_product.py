"""The loop of dense products as an LLVM function: several rows at a time, so that each vector is read once for them."""

from collections.abc import Callable

from foglight.compiler.backends import jit
from foglight.compiler.backends.llvm_function import NOTHING, VECTOR, Function, V


def product() -> str:
    """`rows` with the columns that `DenseRows` describes.

    lda: from the values of row i to those of the next one, less i step.  upper: 1 if B is upper triangular, and what is
    below its diagonal counts from the last multiple of eight on only.
    """
    sizes = "i64 %first, i64 %step, i64 %skip, i64 %upper, ptr %B, i64 %ldb, i64 %rows, i64 %n"
    f = Function(f"void @product(ptr %out, i64 %ldo, ptr %values, i64 %lda, {sizes}) #0")
    start, skips = f.broadcast(NOTHING), f.new("icmp sgt i64 %skip, 0")
    triangular = f.new("icmp ne i64 %upper, 0")
    together = 8 if jit.best_lanes() == VECTOR else 4  # their sums stay in eight registers

    def some(count: int) -> Callable[[str], list[str]]:
        def some_rows(i: str) -> list[str]:
            lines = [f.new(f"add i64 {i}, {r}") for r in range(count)]
            outs = [f.address("%out", f.new(f"mul i64 {line}, %ldo")) for line in lines]
            all_ends = [_end(f, line) for line in lines]
            values = [f.address("%values", _before(f, line)) for line in lines]
            begin = f.new(f"select i1 {skips}, i64 {f.new(f'and i64 {i}, -{VECTOR}')}, i64 0")

            def terms(which: range, c: str) -> Callable[..., list[str]]:
                def term(p: str, *sums: str) -> list[str]:
                    b = f.load("%B", f.new(f"add i64 {f.new(f'mul i64 {p}, %ldb')}, {c}"), V)
                    wide = ((s, f.broadcast(f.load(values[r], p))) for s, r in zip(sums, which, strict=True))
                    return [f.plus(s, f.multiply(value, b)) for s, value in wide]

                return term

            def columns(c: str) -> list[str]:
                above = f.new(f"add i64 {c}, {VECTOR}")
                ends = [_sooner(f, triangular, above, end) for end in all_ends]
                sums = f.loop(ends[0], terms(range(count), c), [(V, start)] * count, first=begin)
                for r in range(count):
                    own = sums[r : r + 1]
                    if r:  # what this row has beyond the first one
                        own = f.loop(ends[r], terms(range(r, r + 1), c), [(V, own[0])], first=ends[0])
                    f.store(own[0], outs[r], c, V)
                return []

            f.loop("%n", columns, step=VECTOR)
            return []

        return some_rows

    whole = f.new(f"and i64 %rows, -{together}")
    f.loop(whole, some(together), step=together)
    f.loop("%rows", some(1), first=whole)
    return f.text()


def _end(f: Function, line: str) -> str:
    """The number of columns of a line."""
    end = f.new(f"add i64 %first, {f.new(f'mul i64 {line}, %step')}")
    behind = f.new(f"add i64 {f.new(f'and i64 {line}, -{VECTOR}')}, {VECTOR}")
    return _sooner(f, f.new("icmp slt i64 %skip, 0"), behind, end)


def _sooner(f: Function, condition: str, here: str, end: str) -> str:
    """The end, or if the condition holds `here`, if that is less."""
    sooner = f.new(f"and i1 {condition}, {f.new(f'icmp slt i64 {here}, {end}')}")
    return f.new(f"select i1 {sooner}, i64 {here}, i64 {end}")


def _before(f: Function, line: str) -> str:
    """How far the values of a line are behind the first ones."""
    pairs = f.new(f"sdiv i64 {f.new(f'mul i64 {line}, ' + f.new(f'sub i64 {line}, 1'))}, 2")
    return f.new(f"add i64 {f.new(f'mul i64 {line}, %lda')}, {f.new(f'mul i64 %step, {pairs}')}")
