"""The loop of further columns as an LLVM function: the factor of a sum of squares with more of them, see
`ops.increased`."""

from foglight.compiler.backends.llvm_function import TINY, VECTOR, Function, V
from foglight.compiler.backends.llvm_text import written


def increased() -> str:
    """out: the n rows of U, then D, with m further columns: the rows of T, which it changes.

    Row j of U has j + 1 + ahead entries, then zeros. behind: where a row of T has, behind its entries, its weight and
    room for three more numbers: those that change U.
    """
    f = Function(
        "void @increased(ptr %out, i64 %ldo, i64 %n, i64 %ahead, ptr %T, i64 %ldt, i64 %m, i64 %behind) #0"
    )
    D = f.address("%out", f.new("mul i64 %n, %ldo"))

    def row(t: str) -> list[str]:
        j = f.new(f"sub i64 {f.new('sub i64 %n, 1')}, {t}")
        own, diagonal = f.address("%out", f.new(f"mul i64 {j}, %ldo")), f.new(f"add i64 {j}, %ahead")

        def weighed(b: str, d: str) -> list[str]:
            column = f.address("%T", f.new(f"mul i64 {b}, %ldt"))
            numbers = f.address(column, "%behind")
            w, p = f.load(numbers, "0"), f.load(column, diagonal)
            weighted = f.new(f"fmul double {w}, {p}")
            after = f.new(f"fadd double {d}, {f.new(f'fmul double {weighted}, {p}')}")
            sound = f.new(f"fcmp oge double {after}, {written(TINY)}")
            inverse = f.new(f"select i1 {sound}, double {f.new(f'fdiv double 1.0, {after}')}, double 0.0")
            kept = f.new(f"select i1 {sound}, double {f.new(f'fmul double {d}, {inverse}')}, double 1.0")
            given = f.new(f"fmul double {weighted}, {inverse}")
            for k, value in enumerate((f.new(f"fmul double {w}, {kept}"), p, kept, given)):
                f.store(value, numbers, str(k))
            return [after]

        f.store(f.loop("%m", weighed, [("double", f.load(D, j))])[0], D, j)
        vectors = f.new(f"sdiv i64 {f.new(f'add i64 {diagonal}, {VECTOR - 1}')}, {VECTOR}")

        last = f.new(f"sub i64 {vectors}, 1")

        # The vector before the diagonal comes first: the next row begins with an entry of it.
        def entries(s: str) -> list[str]:
            c = f.new(f"mul i64 {f.new(f'sub i64 {last}, {s}')}, {VECTOR}")
            before = f.load(own, c, V)

            def column(b: str, entry: str) -> list[str]:
                at = f.address("%T", f.new(f"mul i64 {b}, %ldt"))
                numbers, old = f.address(at, "%behind"), f.load(at, c, V)
                p, kept, given = (f.broadcast(f.load(numbers, str(k))) for k in (1, 2, 3))
                f.store(f.minus(old, f.multiply(p, entry)), at, c, V)
                return [f.plus(f.multiply(kept, entry), f.multiply(given, old))]

            [after] = f.loop("%m", column, [(V, before)])
            among = f.among(f.new(f"sub i64 {diagonal}, {c}"))
            f.store(f.select(among, after, before), own, c, V)
            return []

        f.loop(vectors, entries)
        return []

    f.loop("%n", row)
    return f.text()
