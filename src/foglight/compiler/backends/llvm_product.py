"""The loop of dense products as an LLVM function: four rows at a time, so that each vector is read once for four."""

from collections.abc import Callable

from foglight.compiler.backends.llvm_function import NOTHING, VECTOR, Function, V

_ROWS = 4


def product() -> str:
    """`rows` with the columns that `DenseRows` describes.

    lda: from the values of row i to those of the next one, less i step.
    """
    sizes = "i64 %first, i64 %step, i64 %skip, ptr %B, i64 %ldb, i64 %rows, i64 %n"
    f = Function(f"void @product(ptr %out, i64 %ldo, ptr %values, i64 %lda, {sizes}) #0")
    start = f.broadcast(NOTHING)

    def some(count: int) -> Callable[[str], list[str]]:
        def some_rows(i: str) -> list[str]:
            lines = [f.new(f"add i64 {i}, {r}") for r in range(count)]
            outs = [f.address("%out", f.new(f"mul i64 {line}, %ldo")) for line in lines]
            ends = [f.new(f"add i64 %first, {f.new(f'mul i64 {line}, %step')}") for line in lines]
            values = [f.address("%values", _before(f, line)) for line in lines]
            begin = f.new(f"mul i64 {f.new(f'and i64 {i}, -{VECTOR}')}, %skip")

            def chunk(vectors: int) -> Callable[[str], list[str]]:
                def terms(which: range, c: str) -> Callable[..., list[str]]:
                    def term(p: str, *sums: str) -> list[str]:
                        at = f.new(f"add i64 {f.new(f'mul i64 {p}, %ldb')}, {c}")
                        b = [f.load("%B", f.new(f"add i64 {at}, {k * VECTOR}"), V) for k in range(vectors)]
                        wide = [f.broadcast(f.load(values[r], p)) for r in which]
                        parts = [f.multiply(w, v) for w in wide for v in b]
                        return [f.plus(s, part) for s, part in zip(sums, parts, strict=True)]

                    return term

                def columns(c: str) -> list[str]:
                    together = [(V, start)] * (count * vectors)
                    sums = f.loop(ends[0], terms(range(count), c), together, first=begin)
                    for r in range(count):
                        own = sums[r * vectors : (r + 1) * vectors]
                        if r:  # what this row has beyond the first one
                            more = terms(range(r, r + 1), c)
                            own = f.loop(ends[r], more, [(V, s) for s in own], first=ends[0])
                        for k, s in enumerate(own):
                            f.store(s, outs[r], f.new(f"add i64 {c}, {k * VECTOR}"), V)
                    return []

                return columns

            f.chunks("%n", chunk)
            return []

        return some_rows

    whole = f.new(f"and i64 %rows, -{_ROWS}")
    f.loop(whole, some(_ROWS), step=_ROWS)
    f.loop("%rows", some(1), first=whole)
    return f.text()


def _before(f: Function, line: str) -> str:
    """How far the values of a line are behind the first ones."""
    pairs = f.new(f"sdiv i64 {f.new(f'mul i64 {line}, ' + f.new(f'sub i64 {line}, 1'))}, 2")
    return f.new(f"add i64 {f.new(f'mul i64 {line}, %lda')}, {f.new(f'mul i64 %step, {pairs}')}")
