"""LLVM functions as text: loops over entries and over vectors of eight numbers.

A processor with narrower registers uses two or four of them for a vector. Sums mask what lies beyond the end of an
array, and add in the order of `foglight.trace.array_operations`.
"""

from collections.abc import Callable, Sequence

from foglight.compiler.backends.llvm_text import Text

TINY = 2.0**-1022  # the smallest normal number
VECTOR = 8
V = f"<{VECTOR} x double>"
LANES = "<" + ", ".join(f"i64 {k}" for k in range(VECTOR)) + ">"
ZERO = "zeroinitializer"
NOTHING = "0x8000000000000000"  # -0.0: added to x it gives x, whatever x is


class Function(Text):
    """The lines of one function, in numbers and vectors of them."""

    def __init__(self, signature: str) -> None:
        super().__init__("float64", VECTOR)
        self.lines = [f"define {signature} {{"]
        self.label("entry")

    def loop(
        self,
        count: str,
        body: Callable[..., Sequence[str]],
        carried: Sequence[tuple[str, str]] = (),
        first: str = "0",
        step: int = 1,
    ) -> list[str]:
        """A loop over k = first, first + step, ... below count.

        carried: (type, value) of what a pass hands to the next; body(k, *values) returns the next values. Returns the
        last ones.
        """
        self.counter += 1
        name, before = f"b{self.counter}", self.block
        self.put(f"br label %{name}")
        self.label(name)
        at = len(self.lines)
        k, values = f"%k{self.counter}", [f"%{name}.{i}" for i in range(len(carried))]
        more = self.new(f"icmp slt i64 {k}, {count}")
        self.put(f"br i1 {more}, label %{name}.do, label %{name}.end")
        self.label(f"{name}.do")
        found = body(k, *values)
        after = self.new(f"add i64 {k}, {step}")
        self.put(f"br label %{name}")
        phis = [f"  {k} = phi i64 [ {first}, %{before} ], [ {after}, %{self.block} ]"]
        for value, (kind, start), end in zip(values, carried, found, strict=True):
            phis.append(f"  {value} = phi {kind} [ {start}, %{before} ], [ {end}, %{self.block} ]")
        self.lines[at:at] = phis
        self.label(f"{name}.end")
        return values

    def chunks(self, count: str, body: Callable[[int], Callable[[str], Sequence[str]]]) -> None:
        """A loop over `count` entries in chunks of four vectors; what is left is one chunk of 1, 2 or 3.

        body(v): what is done with a chunk of v vectors, given its first entry.
        """
        done = self.new(f"and i64 {count}, {-4 * VECTOR}")
        self.loop(done, body(4), step=4 * VECTOR)
        for vectors in (3, 2, 1):
            more = self.new(f"add i64 {done}, {vectors * VECTOR}")
            least = self.new(f"sub i64 {more}, {VECTOR}")
            until = self.new(
                f"select i1 {self.new(f'icmp slt i64 {least}, {count}')}, i64 {more}, i64 {done}"
            )
            self.loop(until, body(vectors), first=done, step=vectors * VECTOR)
            done = until

    # Memory
    def address(self, pointer: str, index: str) -> str:
        """The address of an entry."""
        return self.new(f"getelementptr double, ptr {pointer}, i64 {index}")

    def load(self, pointer: str, index: str, kind: str = "double") -> str:
        """An entry, or the vector that begins there."""
        return self.new(f"load {kind}, ptr {self.address(pointer, index)}, align 8")

    def store(self, value: str, pointer: str, index: str, kind: str = "double") -> None:
        """Store an entry, or the vector that begins there."""
        self.put(f"store {kind} {value}, ptr {self.address(pointer, index)}, align 8")

    def broadcast(self, scalar: str, kind: str = "double") -> str:
        """A scalar in every lane."""
        vector = f"<{VECTOR} x {kind}>"
        one = self.new(f"insertelement {vector} poison, {kind} {scalar}, i64 0")
        return self.new(f"shufflevector {vector} {one}, {vector} poison, <{VECTOR} x i32> {ZERO}")

    def among(self, left: str) -> str:
        """Which lanes are among the `left` entries that remain."""
        return self.new(f"icmp slt <{VECTOR} x i64> {LANES}, {self.broadcast(left, 'i64')}")

    def load_some(self, pointer: str, index: str, mask: str) -> str:
        """A vector, 0 where the mask does not hold."""
        kind = f"{V} @llvm.masked.load.v{VECTOR}f64.p0"
        where = self.address(pointer, index)
        return self.new(f"call {kind}(ptr {where}, i32 8, <{VECTOR} x i1> {mask}, {V} {ZERO})")

    def reduced(self, s: str) -> str:
        """The sum of a vector: neighbours first, three times."""
        size = VECTOR
        while size > 1:
            kind, half = f"<{size} x double>", size // 2
            parts = []
            for first in (0, 1):
                picks = ", ".join(f"i32 {k}" for k in range(first, size, 2))
                parts.append(self.new(f"shufflevector {kind} {s}, {kind} poison, <{half} x i32> <{picks}>"))
            s = self.new(f"fadd <{half} x double> {parts[0]}, {parts[1]}")
            size = half
        return self.new(f"extractelement <1 x double> {s}, i64 0")

    def multiply(self, a: str, b: str) -> str:
        return self.new(f"fmul {V} {a}, {b}")

    def plus(self, a: str, b: str) -> str:
        return self.new(f"fadd {V} {a}, {b}")

    def minus(self, a: str, b: str) -> str:
        return self.new(f"fsub {V} {a}, {b}")

    def dots(self, rows: Sequence[str], b: str, count: str) -> list[str]:
        """The products of vectors with one vector, side by side."""
        whole = self.new(f"and i64 {count}, -{VECTOR}")

        def add(c: str, *sums: str) -> list[str]:
            v = self.load(b, c, V)
            return [
                self.plus(s, self.multiply(self.load(a, c, V), v)) for s, a in zip(sums, rows, strict=True)
            ]

        sums = self.loop(whole, add, [(V, ZERO)] * len(rows), step=VECTOR)

        def rest(c: str, *sums: str) -> list[str]:
            mask = self.among(self.new(f"sub i64 {count}, {c}"))
            v = self.load_some(b, c, mask)
            parts = [self.multiply(self.load_some(a, c, mask), v) for a in rows]
            return [self.plus(s, part) for s, part in zip(sums, parts, strict=True)]

        sums = self.loop(count, rest, [(V, s) for s in sums], first=whole, step=VECTOR)
        return self.each_reduced(sums)

    def store_dots(
        self, rows: Sequence[str], others: Sequence[str], count: str, pointer: str, index: str
    ) -> None:
        """Store the products of each of some vectors with each of others; one, or eight next to each other."""
        whole = self.new(f"and i64 {count}, -{VECTOR}")

        def added(load: Callable[[str], str], sums: Sequence[str]) -> list[str]:
            a, b = ([load(v) for v in vectors] for vectors in (rows, others))
            terms = [self.multiply(y, x) for x in a for y in b]
            return [self.plus(s, term) for s, term in zip(sums, terms, strict=True)]

        def rest(c: str, *sums: str) -> list[str]:
            mask = self.among(self.new(f"sub i64 {count}, {c}"))
            return added(lambda v: self.load_some(v, c, mask), sums)

        none = [(V, ZERO)] * (len(rows) * len(others))
        sums = self.loop(whole, lambda c, *s: added(lambda v: self.load(v, c, V), s), none, step=VECTOR)
        sums = self.loop(count, rest, [(V, s) for s in sums], first=whole, step=VECTOR)
        if len(sums) == 1:
            self.store(self.reduced(sums[0]), pointer, index)
        else:
            self.store(self._reduced_eight(sums), pointer, index, V)

    def _reduced_eight(self, sums: Sequence[str]) -> str:
        """`reduced` of eight vectors at once, as one: first neighbours stand one below the other, then pairs."""
        even, odd = (0, 8, 2, 10, 4, 12, 6, 14), (1, 9, 3, 11, 5, 13, 7, 15)
        for _ in range(3):
            sums = [self._added(V, a, b, even, odd) for a, b in zip(sums[::2], sums[1::2], strict=True)]
            even, odd = (0, 1, 4, 5, 8, 9, 12, 13), (2, 3, 6, 7, 10, 11, 14, 15)
        return sums[0]

    def each_reduced(self, sums: Sequence[str]) -> list[str]:
        """The sum of each of some vectors."""
        return self._reduced_four(sums) if len(sums) == 4 else [self.reduced(s) for s in sums]

    def _reduced_four(self, sums: Sequence[str]) -> list[str]:
        """`reduced` of four vectors at once: neighbours stand one below the other, in halves of registers."""
        half = VECTOR // 2
        kind, pairs = f"<{half} x double>", []
        for s in sums:  # [0 + 1, 4 + 5, 2 + 3, 6 + 7]
            low, high = (self.shuffled(V, s, "poison", range(k, k + half)) for k in (0, half))
            pairs.append(self._added(kind, low, high, (0, 4, 2, 6), (1, 5, 3, 7)))
        one, other = (self._added(kind, a, b, (0, 1, 4, 5), (2, 3, 6, 7)) for a, b in (pairs[:2], pairs[2:]))
        every = self._added(kind, one, other, (0, 4, 2, 6), (1, 5, 3, 7))  # of the sums 0, 2, 1, 3
        return [self.new(f"extractelement {kind} {every}, i64 {k}") for k in (0, 2, 1, 3)]

    def _added(self, kind: str, a: str, b: str, left: Sequence[int], right: Sequence[int]) -> str:
        """Some entries of two vectors, side by side, plus others."""
        return self.new(f"fadd {kind} {self.shuffled(kind, a, b, left)}, {self.shuffled(kind, a, b, right)}")

    def shuffled(self, kind: str, a: str, b: str, picks: Sequence[int]) -> str:
        """Some entries of two vectors."""
        listed = ", ".join(f"i32 {k}" for k in picks)
        return self.new(f"shufflevector {kind} {a}, {kind} {b}, <{len(picks)} x i32> <{listed}>")

    def condition(self, value: str) -> str:
        """Where an array of conditions, 1.0 or 0.0, holds."""
        return self.new(f"fcmp une {V} {value}, {ZERO}")

    def text(self, result: str = "void") -> str:
        """The function, returning this."""
        return "\n".join([*self.lines, f"  ret {result}", "}"])
