"""The loops of systems with a unit upper triangular matrix as LLVM functions: U x = b, from the last row on."""

from collections.abc import Callable

from foglight.compiler.backends.llvm_function import VECTOR, Function, V


def substitute() -> str:
    """out = U⁻¹ b; the columns of U are given as rows."""
    f = Function("void @substitute(ptr %out, ptr %U, i64 %ldu, i64 %n, ptr %b) #0")
    f.put("call void @block(ptr %out, i64 0, ptr %b, i64 0, i64 1, i64 %n)")

    def column(t: str) -> list[str]:
        j = f.new(f"sub i64 {f.new(f'sub i64 %n, {t}')}, 1")
        u, factor = f.address("%U", f.new(f"mul i64 {j}, %ldu")), f.broadcast(f.load("%out", j))

        def entries(c: str, among: str = "") -> list[str]:
            before = f.load("%out", c, V)
            new = f.minus(before, f.multiply(f.load(u, c, V), factor))
            f.store(f.select(among, new, before) if among else new, "%out", c, V)
            return []

        def rest(c: str) -> list[str]:
            return entries(c, f.among(f.new(f"sub i64 {j}, {c}")))

        full = f.new(f"and i64 {j}, -{VECTOR}")
        f.loop(full, entries, step=VECTOR)
        f.loop(j, rest, first=full, step=VECTOR)
        return []

    f.loop("%n", column)
    return f.text()


def substitute_all() -> str:
    """The same for k vectors side by side."""
    f = Function(
        "void @substitute_all(ptr %out, i64 %ldo, ptr %U, i64 %ldu, i64 %n, ptr %B, i64 %ldb, i64 %k) #0"
    )
    last = f.new("sub i64 %n, 1")

    def row(t: str) -> list[str]:
        i = f.new(f"sub i64 {last}, {t}")
        out, b = (f.address(p, f.new(f"mul i64 {i}, {ld}")) for p, ld in (("%out", "%ldo"), ("%B", "%ldb")))

        def chunk(vectors: int) -> Callable[[str], list[str]]:
            def some(c: str) -> list[str]:
                at = [f.new(f"add i64 {c}, {k * VECTOR}") for k in range(vectors)]

                def subtract(s: str, *left: str) -> list[str]:
                    j = f.new(f"sub i64 {last}, {s}")
                    factor = f.broadcast(f.load("%U", f.new(f"add i64 {f.new(f'mul i64 {j}, %ldu')}, {i}")))
                    other = f.address("%out", f.new(f"mul i64 {j}, %ldo"))
                    terms = [f.multiply(factor, f.load(other, k, V)) for k in at]
                    return [f.minus(one, term) for one, term in zip(left, terms, strict=True)]

                left = f.loop(t, subtract, [(V, f.load(b, k, V)) for k in at])
                for one, k in zip(left, at, strict=True):
                    f.store(one, out, k, V)
                return []

            return some

        f.chunks("%k", chunk)
        return []

    f.loop("%n", row)
    return f.text()


SUBSTITUTION: dict[str, Callable[[], str]] = {"substitute": substitute, "substitute_all": substitute_all}
