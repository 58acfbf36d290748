"""The loop of measurements as an LLVM function: a factor conditioned on several of them, see `ops.conditioned`."""

from collections.abc import Callable

from foglight.compiler.backends.llvm_function import VECTOR, ZERO, Function, V

_TOGETHER = 4


def conditioned() -> str:
    """out: the n rows of U, then D, then x if there is a mean, conditioned on m measurements.

    Row j of U has j + 1 + ahead entries, then zeros; the width of all is n + ahead.  echelon: 1 if row i of H is 0
    before entry i + ahead, -1 if row i from the last one on is.  mean: 1 if there is one.  scratch: rows of `room`
    numbers: factors, v and sums of each of four measurements. The factors of one row of U stand side by side, and so
    do its v.
    """
    given = "ptr %H, i64 %ldh, i64 %m, i64 %echelon, ptr %s, i64 %mean, ptr %z"
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
            starts = (0, count, *range(2 * count, 3 * count))
            factors, v, *sums = (f.address("%scratch", f.new(f"mul i64 {k}, %room")) for k in starts)
            weights = [f.load("%s", number) for number in numbers]
            last = f.new(f"select i1 {backwards}, i64 {f.new(f'sub i64 %m, {count}')}, i64 0")
            first = f.new(f"add i64 {last}, {f.new(f'mul i64 {i}, %echelon')}")
            _products(f, H, first, width, factors)
            inverses = _scalars(f, first, D, weights, factors, v)
            _columns(f, first, width, factors, v, sums)

            def moved(_: str) -> list[str]:
                for b, number in enumerate(numbers):
                    e = f.new(f"fsub double {f.load('%z', number)}, {f.dots([H[b]], x, width)[0]}")
                    share = f.broadcast(f.new(f"fmul double {e}, {inverses[b]}"))

                    def move(c: str, b: int = b, share: str = share) -> list[str]:
                        f.store(f.plus(f.load(x, c, V), f.multiply(f.load(sums[b], c, V), share)), x, c, V)
                        return []

                    f.loop(width, move, step=VECTOR)
                return []

            f.loop("%mean", moved)
            return []

        return measurements

    # Those that are left over are taken one by one where they change least: from the last row on, that is first.
    left = f.new(f"and i64 %m, {_TOGETHER - 1}")
    ahead, whole = f.new(f"select i1 {backwards}, i64 {left}, i64 0"), f.new(f"and i64 %m, -{_TOGETHER}")
    four, one = some(_TOGETHER), some(1)

    def turn(t: str) -> list[str]:
        second = f.new(f"icmp ne i64 {t}, 0")
        until = f.new(f"select i1 {second}, i64 %m, i64 {ahead}")
        f.loop(
            until, one, first=f.new(f"select i1 {second}, i64 {f.new(f'add i64 {ahead}, {whole}')}, i64 0")
        )
        until = f.new(f"select i1 {second}, i64 0, i64 {f.new(f'add i64 {ahead}, {whole}')}")
        f.loop(until, four, first=ahead, step=_TOGETHER)
        return []

    f.loop("2", turn)
    return f.text()


def _products(f: Function, H: list[str], first: str, width: str, factors: str) -> None:
    """Writes the products of the rows of U from the first one that changes on with those of H."""
    count = len(H)
    begin = f.new(f"and i64 {f.new(f'add i64 {first}, %ahead')}, -{VECTOR}")
    starts = [f.address(h, begin) for h in H]

    def products(together: int) -> Callable[[str], list[str]]:
        def some(j: str) -> list[str]:
            lines = [f.new(f"add i64 {j}, {k}") for k in range(together)]
            rows = [f.address(f.address("%out", f.new(f"mul i64 {line}, %ldo")), begin) for line in lines]
            entries = _end(f, lines[-1])  # a row before has zeros up to there
            shorter = f.new(f"icmp slt i64 {entries}, {width}")
            entries = f.new(f"select i1 {shorter}, i64 {entries}, i64 {width}")
            left = f.new(f"sub i64 {entries}, {begin}")
            f.store_dots(rows, starts, left, factors, f.new(f"mul i64 {j}, {count}"))
            return []

        return some

    if count == 1:
        f.loop("%n", products(1), first=first)
    else:
        f.loop("%n", products(2), first=first, step=2)


def _scalars(f: Function, first: str, D: str, weights: list[str], factors: str, v: str) -> list[str]:
    """Turns products into the factors and the v of measurements that are taken together, and writes the new D; returns
    the last 1 / a of each. One measurement after the other, so that divisions of several rows overlap."""
    found, count = [], len(weights)
    for b, weight in enumerate(weights):
        later = range(b + 1, count)

        def row(j: str, inverse: str, a: str, *state: str, b: int = b, weight: str = weight) -> list[str]:
            at = f.new(f"mul i64 {j}, {count}")
            own = f.new(f"add i64 {at}, {b}")
            d, left, across = f.load(D, j), f.load(factors, own), []
            weighted = f.new(f"fmul double {weight}, {left}")
            factor, share = f.new(f"fmul double {left}, {inverse}"), f.new(f"fmul double {d}, {weighted}")
            f.store(factor, factors, own)
            f.store(share, v, own)
            for c, sum_ in zip(range(b + 1, count), state, strict=True):
                other = f.new(f"add i64 {at}, {c}")
                before = f.load(factors, other)
                swept = f.new(f"fsub double {before}, {f.new(f'fmul double {factor}, {sum_}')}")
                f.store(swept, factors, other)
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


def _columns(f: Function, first: str, width: str, factors: str, v: str, sums: list[str]) -> None:
    """The change of U, eight columns at a time, whose sums stay in registers."""
    count = len(sums)

    def columns(c: str) -> list[str]:
        before = f.new(f"sub i64 {c}, %ahead")
        begin = f.new(f"select i1 {f.new(f'icmp sgt i64 {before}, {first}')}, i64 {before}, i64 {first}")

        def entries(j: str, *state: str) -> list[str]:
            at, added = f.new(f"add i64 {f.new(f'mul i64 {j}, %ldo')}, {c}"), []
            row, mine = f.load("%out", at, V), f.new(f"mul i64 {j}, {count}")
            for b, sum_ in enumerate(state):
                own = f.new(f"add i64 {mine}, {b}")
                swept = f.minus(row, f.multiply(f.broadcast(f.load(factors, own)), sum_))
                added.append(f.plus(sum_, f.multiply(f.broadcast(f.load(v, own)), row)))
                row = swept
            f.store(row, "%out", at, V)
            return added

        found = f.loop("%n", entries, [(V, ZERO)] * count, first=begin)
        for to, value in zip(sums, found, strict=True):
            f.store(value, to, c, V)
        return []

    f.loop(width, columns, step=VECTOR)
