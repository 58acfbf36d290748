"""The loops of array operations as LLVM functions, one of each for all scans (`loop_library`).

Memory behind an array may be read and written up to the next whole vector: every array has room for that.
"""

from collections.abc import Callable

from foglight.compiler.backends.llvm_combine import combine
from foglight.compiler.backends.llvm_conditioned import conditioned
from foglight.compiler.backends.llvm_copy import copy
from foglight.compiler.backends.llvm_function import NOTHING, VECTOR, ZERO, Function, V
from foglight.compiler.backends.llvm_increased import increased
from foglight.compiler.backends.llvm_product import product
from foglight.compiler.backends.llvm_rotations import join
from foglight.compiler.backends.llvm_runs import run
from foglight.compiler.backends.llvm_substitution import SUBSTITUTION
from foglight.compiler.backends.llvm_tangents import TANGENTS
from foglight.compiler.backends.llvm_triangles import TRIANGLES

ATTRIBUTES = 'attributes #0 = { nounwind "prefer-vector-width"="512" "min-legal-vector-width"="512" }'


def dot() -> str:
    f = Function("double @dot(ptr %a, ptr %b, i64 %n) #0")
    return f.text(f"double {f.dots(['%a'], '%b', '%n')[0]}")


def sum_() -> str:
    f = Function("double @sum(ptr %a, i64 %n) #0")
    whole = f.new(f"and i64 %n, -{VECTOR}")
    [s] = f.loop(whole, lambda c, s: [f.plus(s, f.load("%a", c, V))], [(V, ZERO)], step=VECTOR)

    def rest(c: str, s: str) -> list[str]:
        return [f.plus(s, f.load_some("%a", c, f.among(f.new(f"sub i64 %n, {c}"))))]

    [s] = f.loop("%n", rest, [(V, s)], first=whole, step=VECTOR)
    return f.text(f"double {f.reduced(s)}")


def dots() -> str:
    """out_i = A_i b; row i has first + i step entries."""
    f = Function("void @dots(ptr %out, ptr %A, i64 %lda, ptr %b, i64 %rows, i64 %first, i64 %step) #0")

    def row(i: str) -> list[str]:
        a = f.address("%A", f.new(f"mul i64 {i}, %lda"))
        count = f.new(f"add i64 %first, {f.new(f'mul i64 {i}, %step')}")
        f.store(f.dots([a], "%b", count)[0], "%out", i)
        return []

    f.loop("%rows", row)
    return f.text()


def rows() -> str:
    """Row i of the result: Σ values[p] B[columns[p]] for p from starts[i] to starts[i + 1]."""
    f = Function(
        "void @rows(ptr %out, i64 %ldo, ptr %values, ptr %starts, ptr %columns, ptr %B, i64 %ldb, i64 %rows, i64 %n) #0"
    )

    def whole_number(pointer: str, index: str) -> str:
        return f.new(f"load i64, ptr {f.new(f'getelementptr i64, ptr {pointer}, i64 {index}')}")

    def row(i: str) -> list[str]:
        out = f.address("%out", f.new(f"mul i64 {i}, %ldo"))
        first, last = whole_number("%starts", i), whole_number("%starts", f.new(f"add i64 {i}, 1"))
        none = f.new(f"icmp eq i64 {first}, {last}")

        def chunk(vectors: int) -> Callable[[str], list[str]]:
            def add(c: str) -> list[str]:
                def term(p: str, *sums: str) -> list[str]:
                    value = f.broadcast(f.load("%values", p))
                    start = f.new(f"mul i64 {whole_number('%columns', p)}, %ldb")
                    at = f.new(f"add i64 {start}, {c}")
                    found = []
                    for k, s in enumerate(sums):
                        b = f.load("%B", f.new(f"add i64 {at}, {k * VECTOR}"), V)
                        found.append(f.plus(s, f.multiply(value, b)))
                    return found

                start = f.broadcast(f.new(f"select i1 {none}, double 0.0, double {NOTHING}"))
                sums = f.loop(last, term, [(V, start)] * vectors, first=first)
                for k, s in enumerate(sums):
                    f.store(s, out, f.new(f"add i64 {c}, {k * VECTOR}"), V)
                return []

            return add

        f.chunks("%n", chunk)
        return []

    f.loop("%rows", row)
    return f.text()


def running() -> str:
    f = Function("void @running(ptr %out, double %first, ptr %terms, i64 %n) #0")
    f.store("%first", "%out", "0")

    def add(k: str, s: str) -> list[str]:
        s = f.new(f"fadd double {s}, {f.load('%terms', k)}")
        f.store(s, "%out", f.new(f"add i64 {k}, 1"))
        return [s]

    f.loop("%n", add, [("double", "%first")])
    return f.text()


def preceding() -> str:
    """For each row, the sum of the rows before it."""
    f = Function("void @preceding(ptr %out, i64 %ldo, ptr %A, i64 %lda, i64 %rows, i64 %n) #0")

    def columns(c: str) -> list[str]:
        def row(j: str, s: str) -> list[str]:
            at = [f.new(f"add i64 {f.new(f'mul i64 {j}, {ld}')}, {c}") for ld in ("%ldo", "%lda")]
            f.store(s, "%out", at[0], V)
            return [f.plus(s, f.load("%A", at[1], V))]

        f.loop("%rows", row, [(V, ZERO)])
        return []

    f.loop("%n", columns, step=VECTOR)
    return f.text()


def strided() -> str:
    """Rows of n entries, to entries with any steps between them."""
    f = Function(
        "void @strided(ptr %out, i64 %down, i64 %right, ptr %A, i64 %lda, i64 %step, i64 %rows, i64 %n) #0"
    )

    def row(i: str) -> list[str]:
        a, out = (f.address(p, f.new(f"mul i64 {i}, {ld}")) for p, ld in (("%A", "%lda"), ("%out", "%down")))

        def entry(c: str) -> list[str]:
            f.store(f.load(a, f.new(f"mul i64 {c}, %step")), out, f.new(f"mul i64 {c}, %right"))
            return []

        f.loop("%n", entry)
        return []

    f.loop("%rows", row)
    return f.text()


def block() -> str:
    """Rows of n entries next to each other, copied in vectors. The last one ends where the row does, and begins among
    those that are copied already; a row that is shorter is copied entry by entry."""
    f = Function("void @block(ptr %out, i64 %ldo, ptr %A, i64 %lda, i64 %rows, i64 %n) #0")
    whole, last = f.new(f"and i64 %n, -{VECTOR}"), f.new(f"sub i64 %n, {VECTOR}")
    short = f.new(f"icmp slt i64 %n, {VECTOR}")
    left = f.new(f"zext i1 {f.new(f'icmp ne i64 {whole}, %n')} to i64")
    ends, entries = f.new(f"select i1 {short}, i64 0, i64 {left}"), f.new(f"select i1 {short}, i64 %n, i64 0")

    def row(i: str) -> list[str]:
        a, out = (f.address(p, f.new(f"mul i64 {i}, {ld}")) for p, ld in (("%A", "%lda"), ("%out", "%ldo")))

        def copied(c: str, kind: str) -> list[str]:
            f.store(f.load(a, c, kind), out, c, kind)
            return []

        f.loop(whole, lambda c: copied(c, V), step=VECTOR)
        f.loop(ends, lambda _: copied(last, V))
        f.loop(entries, lambda c: copied(c, "double"))
        return []

    f.loop("%rows", row)
    return f.text()


def recorded() -> str:
    """Numbers that a stage records, each NaN as the canonical one; only NaN if the stage does not commit."""
    f = Function("void @recorded(ptr %out, ptr %A, i64 %n, i1 %commit) #0")
    whole, nan = f.new(f"and i64 %n, -{VECTOR}"), f.number(float("nan"))
    commits = f.broadcast("%commit", "i1")

    def entries(c: str) -> list[str]:
        f.store(f.select(commits, f.canonical(f.load("%A", c, V)), nan), "%out", c, V)
        return []

    def entry(c: str) -> list[str]:
        value = f.load("%A", c)
        known = f.new(f"and i1 {f.new(f'fcmp ord double {value}, {value}')}, %commit")
        f.store(f.new(f"select i1 {known}, double {value}, double 0x7FF8000000000000"), "%out", c)
        return []

    f.loop(whole, entries, step=VECTOR)
    f.loop("%n", entry, first=whole)
    return f.text()


def filled() -> str:
    """Zeros."""
    f = Function("void @filled(ptr %out, i64 %ldo, i64 %rows, i64 %n) #0")

    def row(i: str) -> list[str]:
        out = f.address("%out", f.new(f"mul i64 {i}, %ldo"))

        def entries(c: str) -> list[str]:
            f.store(ZERO, out, c, V)
            return []

        f.loop("%n", entries, step=VECTOR)
        return []

    f.loop("%rows", row)
    return f.text()


def unit() -> str:
    """The unit matrix."""
    f = Function("void @unit(ptr %out, i64 %ldo, i64 %n) #0")
    f.put("call void @filled(ptr %out, i64 %ldo, i64 %n, i64 %n)")

    def one(i: str) -> list[str]:
        f.store("1.0", f.address("%out", f.new(f"mul i64 {i}, %ldo")), i)
        return []

    f.loop("%n", one)
    return f.text()


# Which other loops a loop calls.
CALLS = {
    "combine": ("filled",),
    "swept_along": ("filled",),
    "unpack_rows": ("unit", "filled"),
    "unit": ("filled",),
    "packed": ("block",),
    "substitute": ("block",),
}
LOOPS: dict[str, Callable[[], str]] = TRIANGLES | SUBSTITUTION | TANGENTS | {
    "dot": dot, "sum": sum_, "dots": dots, "rows": rows, "product": product, "running": running,
    "preceding": preceding, "copy": copy, "strided": strided, "block": block, "filled": filled, "unit": unit,
    "recorded": recorded, "join": join, "conditioned": conditioned, "combine": combine,
    "increased": increased,
}  # fmt: skip


def loops(names: set[str]) -> str:
    """The text of these loops; `run_...` for operations on entries, see `llvm_runs`."""
    wanted = names | {called for name in names for called in CALLS.get(name, ())}
    found = [
        f"declare {V} @llvm.masked.load.v{VECTOR}f64.p0(ptr, i32, <{VECTOR} x i1>, {V})",
        "declare double @llvm.fabs.f64(double)",
        *[line for line in Function("").declarations() if "masked" not in line and "prefetch" not in line],
    ]
    for name in sorted(wanted):
        if name.startswith("run_"):
            found.append(run(name))
        else:
            found.append(LOOPS[name]())
    return "\n".join(found)
