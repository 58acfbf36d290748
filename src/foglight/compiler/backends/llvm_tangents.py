"""The loops that only derivatives need, as LLVM functions."""

from collections.abc import Callable

from foglight.compiler.backends.llvm_function import ZERO, Function, V
from foglight.compiler.backends.llvm_triangles import nothing_after, up_to_diagonal


def folded() -> str:
    """Of M = N + Nᵀ the triangle M_ij s_j, stored column by column, with 0 on its diagonal; and the diagonal of M."""
    f = Function("void @folded(ptr %out, ptr %N, i64 %ld, ptr %s, i64 %n, ptr %diagonal) #0")

    def column(j: str, at: str) -> list[str]:
        row, out, s = f.address("%N", f.new(f"mul i64 {j}, %ld")), f.address("%out", at), f.load("%s", j)

        def entry(k: str) -> list[str]:
            other = f.load("%N", f.new(f"add i64 {f.new(f'mul i64 {k}, %ld')}, {j}"))
            m = f.new(f"fadd double {f.load(row, k)}, {other}")
            f.store(f.new(f"fmul double {m}, {s}"), out, k)
            return []

        f.loop(j, entry)
        f.store("0.0", out, j)
        own = f.load(row, j)
        f.store(f.new(f"fadd double {own}, {own}"), "%diagonal", j)
        return [f.new(f"add i64 {f.new(f'add i64 {at}, {j}')}, 1")]

    f.loop("%n", column, [("i64", "0")])
    return f.text()


def swept_along() -> str:
    """The derivative of a sweep: out_j = dU_j - (df_j sum + factor_j dsum), and 0 behind its j + 1 first entries; then
    sum += v_j U_j, dsum += dv_j U_j + v_j dU_j."""
    given = ", ".join(f"ptr %{name}" for name in ("v", "factors", "dv", "df", "sum", "dsum"))
    f = Function(
        f"void @swept_along(ptr %out, i64 %ldo, ptr %U, i64 %ldu, ptr %dU, i64 %ldd, i64 %n, {given}) #0"
    )
    for total in ("%sum", "%dsum"):
        f.put(f"call void @filled(ptr {total}, i64 0, i64 1, i64 %n)")

    def column(j: str) -> list[str]:
        starts = (("%U", "%ldu"), ("%dU", "%ldd"), ("%out", "%ldo"))
        u, du, out = (f.address(p, f.new(f"mul i64 {j}, {ld}")) for p, ld in starts)
        v, factor, dv, df = (f.broadcast(f.load(p, j)) for p in ("%v", "%factors", "%dv", "%df"))

        def entries(c: str, among: str) -> list[str]:
            a, b, s, t = (f.load(p, c, V) for p in (u, du, "%sum", "%dsum"))
            swept = f.minus(b, f.plus(f.multiply(df, s), f.multiply(factor, t)))
            new = f.plus(s, f.multiply(v, a))
            moved = f.plus(t, f.plus(f.multiply(dv, a), f.multiply(v, b)))
            for value, before, to in ((swept, ZERO, out), (new, s, "%sum"), (moved, t, "%dsum")):
                f.store(f.select(among, value, before) if among else value, to, c, V)
            return []

        up_to_diagonal(f, j, entries)
        nothing_after(f, j, out)
        return []

    f.loop("%n", column)
    return f.text()


TANGENTS: dict[str, Callable[[], str]] = {"folded": folded, "swept_along": swept_along}
