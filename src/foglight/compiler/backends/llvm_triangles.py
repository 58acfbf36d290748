"""The loops of triangles as LLVM functions: the update of U, and how U and D are stored."""

from collections.abc import Callable, Sequence

from foglight.compiler.backends.llvm_function import LANES, VECTOR, ZERO, Function, V


def sweep() -> str:
    """out_j = U_j - factor_j total, total += v_j U_j, over the j + 1 first entries; the rest of out_j is 0."""
    f = Function(
        "void @sweep(ptr %out, i64 %ldo, ptr %U, i64 %ldu, i64 %n, ptr %v, ptr %factors, ptr %total) #0"
    )

    def nothing(c: str) -> list[str]:
        f.store(ZERO, "%total", c, V)
        return []

    f.loop("%n", nothing, step=VECTOR)

    def column(j: str) -> list[str]:
        u = f.address("%U", f.new(f"mul i64 {j}, %ldu"))
        out = f.address("%out", f.new(f"mul i64 {j}, %ldo"))
        factor, v = (f.broadcast(f.load(p, j)) for p in ("%factors", "%v"))

        def entries(c: str, among: str) -> list[str]:
            a, total = f.load(u, c, V), f.load("%total", c, V)
            swept, added = f.minus(a, f.multiply(factor, total)), f.plus(total, f.multiply(v, a))
            f.store(f.select(among, swept, ZERO) if among else swept, out, c, V)
            f.store(f.select(among, added, total) if among else added, "%total", c, V)
            return []

        up_to_diagonal(f, j, entries)
        nothing_after(f, j, out)
        return []

    f.loop("%n", column)
    return f.text()


def up_to_diagonal(f: Function, j: str, entries: Callable[[str, str], Sequence[str]]) -> None:
    """The j + 1 first entries of column j in vectors: all of those that are full, then the rest of one.

    entries(c, among): the vector that begins at c.  among: "", or which of its lanes are meant; 0 times what is in the
    others need not be 0.
    """
    count = f.new(f"add i64 {j}, 1")
    full = f.new(f"and i64 {count}, -{VECTOR}")
    f.loop(full, lambda c: entries(c, ""), step=VECTOR)
    f.loop(count, lambda c: entries(c, f.among(f.new(f"sub i64 {count}, {c}"))), first=full, step=VECTOR)


def nothing_after(f: Function, j: str, out: str) -> None:
    """Zeros behind the vector with entry j of a row of n entries."""
    end = f.new(f"and i64 {f.new(f'add i64 {j}, {VECTOR}')}, -{VECTOR}")

    def rest(c: str) -> list[str]:
        f.store(ZERO, out, c, V)
        return []

    f.loop("%n", rest, first=end, step=VECTOR)


def squares() -> str:
    """out += D_j (U_j ∘ U_j), over the j + 1 first entries."""
    f = Function("void @squares(ptr %out, ptr %U, i64 %ldu, i64 %n, ptr %D) #0")

    def nothing(c: str) -> list[str]:
        f.store(ZERO, "%out", c, V)
        return []

    f.loop("%n", nothing, step=VECTOR)

    def column(j: str) -> list[str]:
        u, d = f.address("%U", f.new(f"mul i64 {j}, %ldu")), f.broadcast(f.load("%D", j))

        def entries(c: str, among: str) -> list[str]:
            a, before = f.load(u, c, V), f.load("%out", c, V)
            added = f.plus(before, f.multiply(d, f.multiply(a, a)))
            f.store(f.select(among, added, before) if among else added, "%out", c, V)
            return []

        up_to_diagonal(f, j, entries)
        return []

    f.loop("%n", column)
    return f.text()


def unpack() -> str:
    """The columns of U as rows, from a stored triangle."""
    f = Function("void @unpack(ptr %out, i64 %ldo, ptr %A, i64 %n) #0")

    def column(j: str, at: str) -> list[str]:
        a, out = f.address("%A", at), f.address("%out", f.new(f"mul i64 {j}, %ldo"))
        wide = f.broadcast(j, "i64")

        def entries(c: str) -> list[str]:
            k = f.new(f"add <{VECTOR} x i64> {f.broadcast(c, 'i64')}, {LANES}")
            above = f.new(f"icmp slt <{VECTOR} x i64> {k}, {wide}")
            f.store(f.load_some(a, c, above), out, c, V)
            return []

        f.loop("%n", entries, step=VECTOR)
        f.store("1.0", out, j)
        return [f.new(f"add i64 {f.new(f'add i64 {at}, {j}')}, 1")]

    f.loop("%n", column, [("i64", "0")])
    return f.text()


def unpack_rows() -> str:
    """U, from a stored triangle."""
    f = Function("void @unpack_rows(ptr %out, i64 %ldo, ptr %A, i64 %n) #0")
    f.put("call void @unit(ptr %out, i64 %ldo, i64 %n)")

    def column(j: str, at: str) -> list[str]:
        a, out = f.address("%A", at), f.address("%out", j)

        def entry(i: str) -> list[str]:
            f.store(f.load(a, i), out, f.new(f"mul i64 {i}, %ldo"))
            return []

        f.loop(j, entry)
        return [f.new(f"add i64 {f.new(f'add i64 {at}, {j}')}, 1")]

    f.loop("%n", column, [("i64", "0")])
    return f.text()


def pivots() -> str:
    f = Function("void @pivots(ptr %out, ptr %A, i64 %n) #0")

    def entry(j: str, at: str) -> list[str]:
        f.store(f.load("%A", at), "%out", j)
        return [f.new(f"add i64 {f.new(f'add i64 {at}, {j}')}, 2")]

    f.loop("%n", entry, [("i64", "0")])
    return f.text()


def packed() -> str:
    f = Function("void @packed(ptr %out, ptr %U, i64 %ldu, ptr %D, i64 %n) #0")

    def column(j: str, at: str) -> list[str]:
        u, out = f.address("%U", f.new(f"mul i64 {j}, %ldu")), f.address("%out", at)
        f.put(f"call void @block(ptr {out}, i64 0, ptr {u}, i64 0, i64 1, i64 {j})")
        f.store(f.load("%D", j), out, j)
        return [f.new(f"add i64 {f.new(f'add i64 {at}, {j}')}, 1")]

    f.loop("%n", column, [("i64", "0")])
    return f.text()


def inverse() -> str:
    """The inverse of a unit upper triangular matrix, from its last row on."""
    f = Function("void @inverse(ptr %out, i64 %ldo, ptr %C, i64 %ldc, i64 %n) #0")

    def row(t: str) -> list[str]:
        i = f.new(f"sub i64 {f.new(f'sub i64 %n, {t}')}, 1")
        out, c = (f.address(p, f.new(f"mul i64 {i}, {ld}")) for p, ld in (("%out", "%ldo"), ("%C", "%ldc")))

        def nothing(k: str) -> list[str]:
            f.store(ZERO, out, k, V)
            return []

        f.loop("%n", nothing, step=VECTOR)
        f.store("1.0", out, i)

        def subtract(k: str) -> list[str]:
            other = f.address("%out", f.new(f"mul i64 {k}, %ldo"))
            factor = f.broadcast(f.load(c, k))

            def entries(e: str, left_of_it: str = "") -> list[str]:
                before = f.load(out, e, V)
                new = f.minus(before, f.multiply(factor, f.load(other, e, V)))
                f.store(f.select(left_of_it, before, new) if left_of_it else new, out, e, V)
                return []

            start = f.new(f"and i64 {k}, -{VECTOR}")  # entries before k are left as they are
            entries(start, f.among(f.new(f"sub i64 {k}, {start}")))
            f.loop("%n", entries, first=f.new(f"add i64 {start}, {VECTOR}"), step=VECTOR)
            return []

        f.loop("%n", subtract, first=f.new(f"add i64 {i}, 1"))
        return []

    f.loop("%n", row)
    return f.text()


TRIANGLES: dict[str, Callable[[], str]] = {
    "sweep": sweep, "squares": squares, "unpack": unpack, "unpack_rows": unpack_rows,
    "pivots": pivots, "packed": packed, "inverse": inverse,
}  # fmt: skip
