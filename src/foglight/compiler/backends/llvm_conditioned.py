"""The loop of measurements as an LLVM function: a factor conditioned on several of them, see `ops.conditioned`."""

from collections.abc import Callable

from foglight.compiler.backends.llvm_function import VECTOR, ZERO, Function, V

_TOGETHER = 4


def conditioned() -> str:
    """out: the n rows of U, then D, then x, conditioned on m measurements.

    Row j of U has j + 1 + ahead entries, then zeros; the width of all is n + ahead.  echelon: 1 if row i of H is 0
    before entry i + ahead, -1 if row i from the last one on is.  scratch: rows of `room` numbers: factors, v and sums
    of each of four measurements.
    """
    given = "ptr %H, i64 %ldh, i64 %m, i64 %echelon, ptr %s, ptr %z"
    f = Function(
        f"void @conditioned(ptr %out, i64 %ldo, i64 %n, i64 %ahead, {given}, ptr %scratch, i64 %room) #0"
    )
    D = f.address("%out", f.new("mul i64 %n, %ldo"))
    x, width = f.address(D, "%ldo"), f.new("add i64 %n, %ahead")
    backwards = f.new("icmp slt i64 %echelon, 0")

    def some(count: int) -> Callable[[str], list[str]]:
        def measurements(i: str) -> list[str]:
            numbers = [f.new(f"add i64 {i}, {b}") for b in range(count)]
            H = [f.address("%H", f.new(f"mul i64 {number}, %ldh")) for number in numbers]
            rows = [f.address("%scratch", f.new(f"mul i64 {k}, %room")) for k in range(3 * count)]
            factors, v, sums = (rows[k * count : (k + 1) * count] for k in range(3))
            weights = [f.load("%s", number) for number in numbers]
            last = f.new(f"select i1 {backwards}, i64 {f.new(f'sub i64 %m, {count}')}, i64 0")
            first = f.new(f"add i64 {last}, {f.new(f'mul i64 {i}, %echelon')}")
            inverses = _scalars(f, H, first, width, D, weights, factors, v)
            _columns(f, first, width, factors, v, sums)
            for b, number in enumerate(numbers):
                e = f.new(f"fsub double {f.load('%z', number)}, {f.dots([H[b]], x, width)[0]}")
                share = f.broadcast(f.new(f"fmul double {e}, {inverses[b]}"))

                def move(c: str, b: int = b, share: str = share) -> list[str]:
                    f.store(f.plus(f.load(x, c, V), f.multiply(f.load(sums[b], c, V), share)), x, c, V)
                    return []

                f.loop(width, move, step=VECTOR)
            return []

        return measurements

    whole = f.new(f"and i64 %m, -{_TOGETHER}")
    f.loop(whole, some(_TOGETHER), step=_TOGETHER)
    f.loop("%m", some(1), first=whole)
    return f.text()


def _scalars(
    f: Function,
    H: list[str],
    first: str,
    width: str,
    D: str,
    weights: list[str],
    factors: list[str],
    v: list[str],
) -> list[str]:
    """Writes the factors and the v of measurements that are taken together, and the new D; returns the last 1 / a of
    each. One measurement after the other, so that divisions of several rows overlap."""
    begin = f.new(f"and i64 {f.new(f'add i64 {first}, %ahead')}, -{VECTOR}")
    starts = [f.address(h, begin) for h in H]

    def products(j: str) -> list[str]:
        row, entries = f.address("%out", f.new(f"mul i64 {j}, %ldo")), _end(f, j)
        entries = f.new(f"select i1 {f.new(f'icmp slt i64 {entries}, {width}')}, i64 {entries}, i64 {width}")
        count = f.new(f"sub i64 {entries}, {begin}")
        for found, to in zip(f.dots(starts, f.address(row, begin), count), factors, strict=True):
            f.store(found, to, j)
        return []

    f.loop("%n", products, first=first)
    found = []
    for b, weight in enumerate(weights):
        later = range(b + 1, len(H))

        def row(j: str, inverse: str, a: str, *state: str, b: int = b, weight: str = weight) -> list[str]:
            d, left, across = f.load(D, j), f.load(factors[b], j), []
            weighted = f.new(f"fmul double {weight}, {left}")
            factor, share = f.new(f"fmul double {left}, {inverse}"), f.new(f"fmul double {d}, {weighted}")
            f.store(factor, factors[b], j)
            f.store(share, v[b], j)
            for c, sum_ in zip(range(b + 1, len(H)), state, strict=True):
                before = f.load(factors[c], j)
                swept = f.new(f"fsub double {before}, {f.new(f'fmul double {factor}, {sum_}')}")
                f.store(swept, factors[c], j)
                across.append(f.new(f"fadd double {sum_}, {f.new(f'fmul double {share}, {before}')}"))
            square = f.new(f"fmul double {weighted}, {left}")
            after = f.new(f"fadd double {a}, {f.new(f'fmul double {d}, {square}')}")
            inverse = f.new(f"fdiv double 1.0, {after}")
            f.store(f.new(f"fmul double {d}, {f.new(f'fmul double {a}, {inverse}')}"), D, j)
            return [inverse, after, *across]

        start = [("double", "1.0")] * 2 + [("double", "0.0")] * len(later)
        found.append(f.loop("%n", row, start, first=first)[0])
    return found


def _end(f: Function, j: str) -> str:
    """The end of row j, up to whole vectors."""
    last = f.new(f"add i64 {j}, %ahead")
    return f.new(f"and i64 {f.new(f'add i64 {last}, {VECTOR}')}, -{VECTOR}")


def _columns(f: Function, first: str, width: str, factors: list[str], v: list[str], sums: list[str]) -> None:
    """The change of U, eight columns at a time, whose sums stay in registers."""

    def columns(c: str) -> list[str]:
        before = f.new(f"sub i64 {c}, %ahead")
        begin = f.new(f"select i1 {f.new(f'icmp sgt i64 {before}, {first}')}, i64 {before}, i64 {first}")

        def entries(j: str, *state: str) -> list[str]:
            at, added = f.new(f"add i64 {f.new(f'mul i64 {j}, %ldo')}, {c}"), []
            row = f.load("%out", at, V)
            for sum_, factor, share in zip(state, factors, v, strict=True):
                swept = f.minus(row, f.multiply(f.broadcast(f.load(factor, j)), sum_))
                added.append(f.plus(sum_, f.multiply(f.broadcast(f.load(share, j)), row)))
                row = swept
            f.store(row, "%out", at, V)
            return added

        found = f.loop("%n", entries, [(V, ZERO)] * len(sums), first=begin)
        for to, value in zip(sums, found, strict=True):
            f.store(value, to, c, V)
        return []

    f.loop(width, columns, step=VECTOR)
