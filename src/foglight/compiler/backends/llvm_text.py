"""LLVM instructions as text: one operation of a Program is one line, or a few for bits and memory."""

import functools
import struct
from collections.abc import Iterator, Sequence

import numpy as np

from foglight.trace.primitives import EXPONENT_BIAS, MANTISSA_BITS

NAN = float("nan")
_BINARY = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_COMPARE = {"lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}
_INTRINSIC = {"sqrt": "sqrt", "floor": "floor", "rint": "rint", "abs": "fabs", "copysign": "copysign"}


class Text:
    """Lines of one function, in scalars or in vectors of lanes of one float type."""

    def __init__(self, dtype: str, lanes: int) -> None:
        self.dtype = dtype
        self.lanes = lanes
        self.scalar, self.whole, self.bytes = (
            ("double", "i64", 8) if dtype == "float64" else ("float", "i32", 4)
        )
        self.suffix = ("" if lanes == 1 else f"v{lanes}") + f"f{8 * self.bytes}"
        self.float = self._vector(self.scalar)
        self.int = self._vector(self.whole)
        self.mask = self._vector("i1")
        self.lines: list[str] = []
        self.counter = 0
        self.tables: dict[tuple[str, ...], str] = {}  # constant data of the module, by its numbers

    def put(self, line: str) -> None:
        """One line."""
        self.lines.append("  " + line)

    def label(self, name: str) -> None:
        """The start of a block."""
        self.lines.append(f"{name}:")
        self.block = name

    def new(self, expression: str) -> str:
        """One line that names a value."""
        self.counter += 1
        name = f"%v{self.counter}"
        self.put(f"{name} = {expression}")
        return name

    def branch(self, condition: str, then: str, otherwise: str) -> None:
        """The end of a block."""
        self.put(f"br i1 {condition}, label %{then}, label %{otherwise}")

    def jump(self, to: str) -> None:
        """The end of a block that continues in one other."""
        self.put(f"br label %{to}")

    def phi(self, kind: str, *incoming: tuple[str, str]) -> str:
        """A value that depends on the preceding block."""
        return self.new(f"phi {kind} " + ", ".join(f"[ {value}, %{block} ]" for value, block in incoming))

    # Constants
    def _vector(self, scalar: str) -> str:
        return scalar if self.lanes == 1 else f"<{self.lanes} x {scalar}>"

    def splat(self, scalar: str, value: str) -> str:
        """One constant in every lane."""
        return value if self.lanes == 1 else "<" + ", ".join([f"{scalar} {value}"] * self.lanes) + ">"

    def number(self, value: float) -> str:
        """A constant, by its bits."""
        return self.splat(self.scalar, written(value))

    def whole_number(self, value: int) -> str:
        """An integer constant as wide as a float."""
        return self.splat(self.whole, str(value))

    # Operations
    def operation(self, op: str, args: Sequence[str]) -> str:
        """One operation of a Program."""
        a = args[0]
        if op in _BINARY:
            return self.new(f"{_BINARY[op]} {self.float} {a}, {args[1]}")
        if op == "select":
            return self.select(*args)
        if op == "lookup":
            return self._lookup(a, args[1:])
        if op in _COMPARE:
            return self.new(f"fcmp {_COMPARE[op]} {self.float} {a}, {args[1]}")
        if op == "neg":
            return self.new(f"fneg {self.float} {a}")
        if op in ("and", "or"):
            return self.new(f"{op} {self.mask} {a}, {args[1]}")
        if op == "not":
            return self.new(f"xor {self.mask} {a}, {self.splat('i1', 'true')}")
        if op in _INTRINSIC:
            values = ", ".join(f"{self.float} {v}" for v in args)
            return self.new(f"call {self.float} @llvm.{_INTRINSIC[op]}.{self.suffix}({values})")
        return self._exponent(a) if op == "exponent" else self._pow2(a)

    def _lookup(self, index: str, values: Sequence[str]) -> str:
        """From a table in memory if all values are constants, else by selects."""
        if any(v.startswith("%") for v in values):
            found = values[0]
            for k, value in enumerate(values[1:], 1):
                reached = self.new(f"fcmp oge {self.float} {index}, {self.number(float(k))}")
                found = self.select(reached, value, found)
            return found
        numbers = tuple(v if self.lanes == 1 else v[1:].split()[1].rstrip(",") for v in values)
        table = self.tables.setdefault(numbers, f"@table{len(self.tables)}")
        first, last = self.number(0.0), self.number(len(values) - 1.0)
        index = self.select(self.new(f"fcmp ogt {self.float} {index}, {first}"), index, first)
        index = self.select(self.new(f"fcmp olt {self.float} {index}, {last}"), index, last)
        entry = self.new(f"fptosi {self.float} {index} to {self.int}")
        if self.lanes == 1:
            address = self.new(f"getelementptr {self.scalar}, ptr {table}, {self.whole} {entry}")
            return self.new(f"load {self.scalar}, ptr {address}")
        found = "poison"
        for lane in range(self.lanes):
            one = self.new(f"extractelement {self.int} {entry}, i64 {lane}")
            address = self.new(f"getelementptr {self.scalar}, ptr {table}, {self.whole} {one}")
            value = self.new(f"load {self.scalar}, ptr {address}")
            found = self.new(f"insertelement {self.float} {found}, {self.scalar} {value}, i64 {lane}")
        return found

    def _exponent(self, x: str) -> str:
        """The exponent field moved into the mantissa of 2**shift, then 2**shift + bias subtracted."""
        shift, bias = MANTISSA_BITS[self.dtype], EXPONENT_BIAS[self.dtype]
        magic = int(np.array(2.0**shift, self.dtype).view(f"i{self.bytes}"))
        moved = self.new(f"lshr {self.int} {self.bits(x)}, {self.whole_number(shift)}")
        masked = self.new(f"and {self.int} {moved}, {self.whole_number(2 * bias + 1)}")
        placed = self.new(f"or {self.int} {masked}, {self.whole_number(magic)}")
        number = self.new(f"bitcast {self.int} {placed} to {self.float}")
        return self.new(f"fsub {self.float} {number}, {self.number(2.0**shift + bias)}")

    def _pow2(self, k: str) -> str:
        shift, bias = MANTISSA_BITS[self.dtype], EXPONENT_BIAS[self.dtype]
        placed = self.new(f"fadd {self.float} {k}, {self.number(2.0**shift + bias)}")
        moved = self.new(f"shl {self.int} {self.bits(placed)}, {self.whole_number(shift)}")
        return self.new(f"bitcast {self.int} {moved} to {self.float}")

    def bits(self, x: str) -> str:
        """The bits of a float as an integer."""
        return self.new(f"bitcast {self.float} {x} to {self.int}")

    def select(self, mask: str, a: str, b: str) -> str:
        """a where the mask holds, else b."""
        return self.new(f"select {self.mask} {mask}, {self.float} {a}, {self.float} {b}")

    def canonical(self, value: str) -> str:
        """The value, with any NaN as the one canonical NaN."""
        odd = self.new(f"fcmp uno {self.float} {value}, {value}")
        return self.select(odd, self.number(NAN), value)

    def same(self, pairs: Sequence[tuple[str, str]]) -> str:
        """One bit: whether all pairs of vectors are equal, by their bits, in all lanes."""
        rest = self.whole_number(0)
        for a, b in pairs:
            rest = self.new(
                f"or {self.int} {rest}, {self.new(f'xor {self.int} {self.bits(a)}, {self.bits(b)}')}"
            )
        return self.reduce("and", self.new(f"icmp eq {self.int} {rest}, {self.whole_number(0)}"))

    def reduce(self, how: str, mask: str) -> str:
        """One bit from the lanes of a mask: "or", "and"."""
        if self.lanes == 1:
            return mask
        return self.new(f"call i1 @llvm.vector.reduce.{how}.v{self.lanes}i1({self.mask} {mask})")

    def every_mask(self, masks: Sequence[str]) -> str:
        """One bit: whether all these masks hold, in all lanes."""
        return self.reduce("and", functools.reduce(lambda a, b: self.new(f"and {self.mask} {a}, {b}"), masks))

    # Memory
    def load(self, pointer: str, index: str) -> str:
        """One scalar."""
        address = self.new(f"getelementptr {self.scalar}, ptr {pointer}, i64 {index}")
        return self.new(f"load {self.scalar}, ptr {address}")

    def load_shared(self, pointer: str, index: str) -> str:
        """One scalar for all lanes."""
        value = self.load(pointer, index)
        if self.lanes == 1:
            return value
        one = self.new(f"insertelement {self.float} poison, {self.scalar} {value}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self.new(f"shufflevector {self.float} {one}, {self.float} poison, {zeros}")

    def gather(self, pointers: list[str], index: str) -> str:
        """The scalars at the same index behind one pointer per lane."""
        if self.lanes == 1:
            return self.load(pointers[0], index)
        value = "poison"
        for lane, pointer in enumerate(pointers):
            one = self.load(pointer, index)
            value = self.new(f"insertelement {self.float} {value}, {self.scalar} {one}, i64 {lane}")
        return value

    def scatter(self, value: str, pointers: list[str], index: str) -> None:
        """Stores the lanes at the same index behind one pointer per lane."""
        for lane, pointer in enumerate(pointers):
            one = value if self.lanes == 1 else self.new(f"extractelement {self.float} {value}, i64 {lane}")
            address = self.new(f"getelementptr {self.scalar}, ptr {pointer}, i64 {index}")
            self.put(f"store {self.scalar} {one}, ptr {address}")

    def load_vector(self, pointer: str, index: int) -> str:
        """A whole vector, the index-th behind the pointer."""
        address = self.new(f"getelementptr {self.scalar}, ptr {pointer}, i64 {index * self.lanes}")
        return self.new(f"load {self.float}, ptr {address}, align {self.bytes}")

    def store_vector(self, value: str, pointer: str, index: int) -> None:
        """A whole vector, to be the index-th behind the pointer."""
        address = self.new(f"getelementptr {self.scalar}, ptr {pointer}, i64 {index * self.lanes}")
        self.put(f"store {self.float} {value}, ptr {address}, align {self.bytes}")

    def store_fields(self, fields: Sequence[str], pointers: list[str], offset: str) -> None:
        """Stores each lane's fields one after another behind its pointer, by transposing blocks of fields."""
        if self.lanes == 1:
            for position, value in enumerate(fields):
                self.scatter(value, pointers, self.new(f"add i64 {offset}, {position}"))
            return
        for first in range(0, len(fields), self.lanes):
            block = list(fields[first : first + self.lanes])
            count = len(block)
            index = self.new(f"add i64 {offset}, {first}")
            rows = self._transpose(block + ["poison"] * (self.lanes - count))
            for pointer, value in zip(pointers, rows, strict=True):
                address = self.new(f"getelementptr {self.scalar}, ptr {pointer}, i64 {index}")
                if count == self.lanes:
                    self.put(f"store {self.float} {value}, ptr {address}, align {self.bytes}")
                else:
                    here = ", ".join(f"i1 {'true' if i < count else 'false'}" for i in range(self.lanes))
                    self.put(
                        f"call void @llvm.masked.store.{self.suffix}.p0({self.float} {value}, ptr {address}, "
                        f"i32 {self.bytes}, {self.mask} <{here}>)"
                    )

    def prefetch(self, pointers: list[str], offset: str, count: int) -> None:
        """Prefetches the memory of `count` fields of each lane; several streams at once outrun the processor's own
        prefetcher."""
        if self.lanes > 1:
            for pointer in pointers:
                start = self.new(f"getelementptr {self.scalar}, ptr {pointer}, i64 {offset}")
                for line in range(0, count * self.bytes, 64):
                    address = self.new(f"getelementptr i8, ptr {start}, i64 {line}")
                    self.put(f"call void @llvm.prefetch.p0(ptr {address}, i32 1, i32 3, i32 1)")

    def _transpose(self, block: list[str]) -> list[str]:
        """Fields by lanes -> lanes by fields, by swapping ever smaller off-diagonal quarters."""
        lanes = range(self.lanes)
        for half in _halves(self.lanes):
            swapped = list(block)
            for i in lanes:
                if not i & half:
                    low = [k if not k & half else self.lanes + k - half for k in lanes]
                    high = [k + half if not k & half else self.lanes + k for k in lanes]
                    swapped[i] = self._shuffle(block[i], block[i + half], low)
                    swapped[i + half] = self._shuffle(block[i], block[i + half], high)
            block = swapped
        return block

    def _shuffle(self, a: str, b: str, picks: list[int]) -> str:
        if a == "poison":  # padding comes last, so b is padding too
            return "poison"
        mask = ", ".join(f"i32 {p}" for p in picks)
        return self.new(f"shufflevector {self.float} {a}, {self.float} {b}, <{self.lanes} x i32> <{mask}>")

    def declarations(self) -> list[str]:
        """The intrinsics that the lines may call, and the tables that they read."""
        found = []
        for numbers, name in self.tables.items():
            listed = ", ".join(f"{self.scalar} {number}" for number in numbers)
            found.append(
                f"{name} = private unnamed_addr constant [{len(numbers)} x {self.scalar}] [{listed}]"
            )
        for op, name in _INTRINSIC.items():
            arguments = ", ".join([self.float] * (2 if op == "copysign" else 1))
            found.append(f"declare {self.float} @llvm.{name}.{self.suffix}({arguments})")
        found.append("declare i64 @llvm.usub.sat.i64(i64, i64)")
        if self.lanes > 1:
            found.append("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
            for how in ("or", "and"):
                found.append(f"declare i1 @llvm.vector.reduce.{how}.v{self.lanes}i1({self.mask})")
            found.append(
                f"declare void @llvm.masked.store.{self.suffix}.p0({self.float}, ptr, i32, {self.mask})"
            )
        return found


def written(value: float) -> str:
    """A constant by its bits, any NaN as the canonical one; LLVM writes a float32 as the float64 of the same value."""
    bits = struct.unpack("<Q", struct.pack("<d", value))[0] if value == value else 0x7FF8 << 48
    return f"0x{bits:016X}"


def _halves(lanes: int) -> Iterator[int]:
    while lanes > 1:
        lanes //= 2
        yield lanes
