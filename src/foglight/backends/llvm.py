"""The default backend: LLVM text IR for the whole scan, one series or 2, 4, 8 tracks in SIMD lanes.

The text holds the loop over tracks, the loop over rows and the stages; every operation of a Program is one
LLVM instruction or intrinsic without fast-math flags, so no lane and no width changes a bit. A stage that
no lane has present is jumped over, and where all lanes commit nothing is selected: both give the same bits
as selecting, sooner.
"""

import struct
from collections.abc import Iterator

import numpy as np

from foglight.errors import Status
from foglight.kernel import FRAME, Kernel, Stage
from foglight.trace.graph import EXPONENT_BIAS, MANTISSA_BITS
from foglight.trace.program import Instruction

_BINARY = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_COMPARE = {"lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}
_INTRINSIC = {"sqrt": "sqrt", "floor": "floor", "rint": "rint", "abs": "fabs", "copysign": "copysign"}
_NAN = float("nan")


def text(kernel: Kernel, lanes: int = 1) -> str:
    """The LLVM module of this kernel, its scan named `scan`, taking the address of a frame."""
    return _Writer(kernel, lanes).module()


class _Writer:
    def __init__(self, kernel: Kernel, lanes: int) -> None:
        self.kernel = kernel
        self.lanes = lanes
        self.scalar = "double" if kernel.dtype == "float64" else "float"
        self.whole = "i64" if kernel.dtype == "float64" else "i32"
        self.bytes = 8 if kernel.dtype == "float64" else 4
        self.suffix = ("" if lanes == 1 else f"v{lanes}") + ("f64" if kernel.dtype == "float64" else "f32")
        self.float = self._vector(self.scalar)
        self.int = self._vector(self.whole)
        self.mask = self._vector("i1")
        self.lines: list[str] = []
        self.counter = 0

    # Text
    def put(self, line: str) -> None:
        self.lines.append("  " + line)

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")

    def new(self, expression: str) -> str:
        self.counter += 1
        name = f"%v{self.counter}"
        self.put(f"{name} = {expression}")
        return name

    def _vector(self, scalar: str) -> str:
        return scalar if self.lanes == 1 else f"<{self.lanes} x {scalar}>"

    def _splat(self, scalar: str, value: str) -> str:
        return value if self.lanes == 1 else "<" + ", ".join([f"{scalar} {value}"] * self.lanes) + ">"

    def number(self, value: float) -> str:
        """A constant, by its bits; LLVM writes a float32 as the float64 of the same value."""
        if value != value:
            return self._splat(self.scalar, "0x7FF8000000000000")
        bits = struct.unpack("<Q", struct.pack("<d", value))[0]
        return self._splat(self.scalar, f"0x{bits:016X}")

    def whole_number(self, value: int) -> str:
        return self._splat(self.whole, str(value))

    # Module
    def module(self) -> str:
        width = self.lanes * self.bytes * 8
        declared = [
            f"declare {self.float} @llvm.{name}.{self.suffix}({', '.join([self.float] * (2 if op == 'copysign' else 1))})"
            for op, name in _INTRINSIC.items()
        ]
        if self.lanes > 1:
            declared += [
                f"declare i1 @llvm.vector.reduce.{how}.v{self.lanes}i1({self.mask})" for how in ("or", "and")
            ]
            declared.append(f"declare void @llvm.masked.store.{self.suffix}.p0({self.float}, ptr, i32, {self.mask})")
        self._function()
        attributes = f'attributes #0 = {{ nounwind "prefer-vector-width"="{width}" "min-legal-vector-width"="{width}" }}'
        return "\n".join([*declared, "", "define void @scan(ptr %frame) #0 {", *self.lines, "}", attributes, ""])

    def _function(self) -> None:
        kernel = self.kernel
        self.label("entry")
        self.frame: dict[str, str] = {}
        for place, name in enumerate(FRAME):
            kind = "i64" if name.endswith("stride") or name in ("tracks", "rows") else "ptr"
            address = self.new(f"getelementptr i64, ptr %frame, i64 {place}")
            self.frame[name] = self.new(f"load {kind}, ptr {address}")
        self.params = {i: self._shared("params", str(i)) for i in self._indices("params")}
        last = self.new(f"sub i64 {self.frame['tracks']}, {self.lanes}")
        some = self.new(f"icmp sge i64 {last}, 0")
        self.put(f"br i1 {some}, label %track, label %end")
        self.label("track")
        self.put("%block = phi i64 [ 0, %entry ], [ %block.next, %track.next ]")
        # The last block of lanes steps back to stay inside; tracks done twice give the same bits twice.
        inside = self.new(f"icmp slt i64 %block, {last}")
        base = self.new(f"select i1 {inside}, i64 %block, i64 {last}")
        tracks = [self.new(f"add i64 {base}, {lane}") for lane in range(self.lanes)]
        start = [self._pointer("carry_in", t, self.frame["carry_in_stride"]) for t in tracks]
        initial = [self._gather(start, str(i)) for i in range(kernel.carried)]
        first_seen = self.new(f"fptoui {self.float} {initial[-1]} to {self.int}")
        self.rows = {
            name: [self._pointer(name, t, self.frame[f"{name}_stride"]) for t in tracks]
            for name in ("u", "z", "out")
        }
        some = self.new(f"icmp sgt i64 {self.frame['rows']}, 0")
        self.put(f"br i1 {some}, label %row, label %track.done")
        self.head = len(self.lines)
        n = len(kernel.carry)
        self.label("row")
        self.put("%k = phi i64 [ 0, %track ], [ %k.next, %row.done ]")
        names = [f"%c{i}" for i in range(n)] + ["%total"]
        for name, value in zip(names, initial[:-1], strict=True):
            self.put(f"{name} = phi {self.float} [ {value}, %track ], [ {name}.next, %row.done ]")
        self.put(f"%seen = phi {self.int} [ {first_seen}, %track ], [ %seen.next, %row.done ]")
        carry, total, seen = self._row([f"%c{i}" for i in range(n)])
        self.put("br label %row.done")
        self.label("row.done")
        for name, value in zip(names, [*carry, total], strict=True):
            self.put(f"{name}.next = phi {self.float} [ {value}, %{self.block} ]")
        self.put(f"%seen.next = or {self.int} %seen, {seen}")
        self.put("%k.next = add i64 %k, 1")
        more = self.new(f"icmp slt i64 %k.next, {self.frame['rows']}")
        self.put(f"br i1 {more}, label %row, label %track.done")
        self.label("track.done")
        final = []
        for name, value in zip(names, initial[:-1], strict=True):
            final.append(self.new(f"phi {self.float} [ {value}, %track ], [ {name}.next, %row.done ]"))
        seen = self.new(f"phi {self.int} [ {first_seen}, %track ], [ %seen.next, %row.done ]")
        final.append(self.new(f"uitofp {self.int} {seen} to {self.float}"))
        stop = [self._pointer("carry_out", t, str(kernel.carried)) for t in tracks]
        for i, value in enumerate(final):
            for lane, pointer in enumerate(stop):
                self._store(self._lane(value, lane), pointer, str(i))
        self.put("br label %track.next")
        self.label("track.next")
        self.put(f"%block.next = add i64 %block, {self.lanes}")
        more = self.new(f"icmp slt i64 %block.next, {self.frame['tracks']}")
        self.put(f"br i1 {more}, label %track, label %end")
        self.label("end")
        self.put("ret void")

    def _row(self, carry: list[str]) -> tuple[list[str], str, str]:
        """One row of the scan; returns the new carry, the new total and the row's status."""
        kernel = self.kernel
        inputs = {("params", i): value for i, value in self.params.items()}
        if self._indices("dt"):
            inputs[("dt", 0)] = self._shared("dt", "%k")
        shared_row = self.new(f"mul i64 %k, {kernel.widths['row']}") if self._indices("row") else "0"
        for i in self._indices("row"):
            inputs[("row", i)] = self._shared("row", self.new(f"add i64 {shared_row}, {i}"))
        for source in ("u", "z"):
            offset = self.new(f"mul i64 %k, {kernel.widths[source]}")
            for i in self._indices(source):
                inputs[(source, i)] = self._gather(self.rows[source], self.new(f"add i64 {offset}, {i}"))
        state = _RowState(carry, [self.number(0.0), self.number(0.0)], self.whole_number(0), {})
        self.block = "row"
        for index, stage in enumerate(kernel.stages):
            self._stage(index, stage, state, inputs)
            if index in kernel.snapshots:
                for i, value in enumerate(state.carry):
                    state.record[kernel.snapshots[index] + i] = value
        status = self._row_status(state)
        if kernel.sums >= 0:
            used = self._has(status, Status.USED)
            state.record[kernel.sums] = self._select(used, state.sums[0], self.number(_NAN))
            state.record[kernel.sums + 1] = state.sums[1]
        if kernel.status >= 0:
            state.record[kernel.status] = self.new(f"uitofp {self.int} {status} to {self.float}")
        self._store_record(state.record)
        return state.carry, self.new(f"fadd {self.float} %total, {state.sums[1]}"), status

    def _row_status(self, state: "_RowState") -> str:
        heard = self._has(state.status, Status.USED | Status.NONFINITE | Status.INDEFINITE)
        zero, missing = self.whole_number(0), self.whole_number(int(Status.MISSING))
        silent = self.new(f"select {self.mask} {heard}, {self.int} {zero}, {self.int} {missing}")
        return self.new(f"or {self.int} {state.status}, {silent}")

    def _stage(self, index: int, stage: Stage, state: "_RowState", inputs: dict[tuple[str, int], str]) -> None:
        before = self.block
        present = self._present(stage, inputs)
        self.put(f"br i1 {self._reduce('or', present)}, label %run{index}, label %done{index}")
        self.label(f"run{index}")
        scope = inputs | {("carry", i): value for i, value in enumerate(state.carry)}
        out = self._program(stage, scope)
        commit = self.new(f"and {self.mask} {present}, {out['commit'][0]}")
        records = [self._canonical(self._select(present, v, self.number(_NAN))) for v in out["record"]]
        status = state.status
        for bit, mask in zip(stage.status, out["status"], strict=True):
            status = self._raise(status, self.new(f"and {self.mask} {present}, {mask}"), bit)
        whole = self._raise(status, self._splat("i1", "true"), stage.used)
        sums = [self.new(f"fadd {self.float} {a}, {b}") for a, b in zip(state.sums, out["sums"], strict=False)]
        self.put(f"br i1 {self._reduce('and', commit)}, label %done{index}, label %merge{index}")
        self.label(f"merge{index}")
        kept = [self._select(commit, a, b) for a, b in zip(out["carry"], state.carry, strict=True)]
        kept_sums = [self._select(commit, a, b) for a, b in zip(sums, state.sums, strict=False)]
        kept_status = self._raise(status, commit, stage.used)
        self.put(f"br label %done{index}")
        self.label(f"done{index}")

        def join(kind: str, skipped: str, taken: str, merged: str) -> str:
            return self.new(f"phi {kind} [ {skipped}, %{before} ], [ {taken}, %run{index} ], [ {merged}, %merge{index} ]")

        state.carry = [
            join(self.float, *v) for v in zip(state.carry, out["carry"], kept, strict=True)
        ]
        if sums:
            state.sums = [join(self.float, *v) for v in zip(state.sums, sums, kept_sums, strict=True)]
        for place, value in zip(stage.record, records, strict=True):
            state.record[place] = join(self.float, self.number(_NAN), value, value)
        state.status = join(self.int, state.status, whole, kept_status)
        self.block = f"done{index}"

    def _program(self, stage: Stage, scope: dict[tuple[str, int], str]) -> dict[str, list[str]]:
        registers: list[str] = []
        for i in stage.program.code:
            if i.op == "input":
                registers.append(scope[i.value])
            elif i.op == "const":
                registers.append(self.number(i.value))
            else:
                registers.append(self._instruction(i, [registers[a] for a in i.args]))
        return {name: [registers[k] for k in ks] for name, ks in stage.program.outputs.items()}

    def _instruction(self, i: Instruction, args: list[str]) -> str:
        a = args[0]
        if i.op in _BINARY:
            return self.new(f"{_BINARY[i.op]} {self.float} {a}, {args[1]}")
        if i.op == "select":
            return self._select(*args)
        if i.op in _COMPARE:
            return self.new(f"fcmp {_COMPARE[i.op]} {self.float} {a}, {args[1]}")
        if i.op == "neg":
            return self.new(f"fneg {self.float} {a}")
        if i.op in ("and", "or"):
            return self.new(f"{i.op} {self.mask} {a}, {args[1]}")
        if i.op == "not":
            return self.new(f"xor {self.mask} {a}, {self._splat('i1', 'true')}")
        if i.op in _INTRINSIC:
            values = ", ".join(f"{self.float} {v}" for v in args)
            return self.new(f"call {self.float} @llvm.{_INTRINSIC[i.op]}.{self.suffix}({values})")
        return self._exponent(a) if i.op == "exponent" else self._pow2(a)

    def _exponent(self, x: str) -> str:
        """The exponent field moved into the mantissa of 2**shift, then 2**shift + bias taken away."""
        shift, bias = MANTISSA_BITS[self.kernel.dtype], EXPONENT_BIAS[self.kernel.dtype]
        magic = int(np.array(2.0**shift, self.kernel.dtype).view(f"i{self.bytes}"))
        bits = self.new(f"bitcast {self.float} {x} to {self.int}")
        moved = self.new(f"lshr {self.int} {bits}, {self.whole_number(shift)}")
        masked = self.new(f"and {self.int} {moved}, {self.whole_number(2 * bias + 1)}")
        placed = self.new(f"or {self.int} {masked}, {self.whole_number(magic)}")
        number = self.new(f"bitcast {self.int} {placed} to {self.float}")
        return self.new(f"fsub {self.float} {number}, {self.number(2.0**shift + bias)}")

    def _pow2(self, k: str) -> str:
        shift, bias = MANTISSA_BITS[self.kernel.dtype], EXPONENT_BIAS[self.kernel.dtype]
        placed = self.new(f"fadd {self.float} {k}, {self.number(2.0**shift + bias)}")
        bits = self.new(f"bitcast {self.float} {placed} to {self.int}")
        moved = self.new(f"shl {self.int} {bits}, {self.whole_number(shift)}")
        return self.new(f"bitcast {self.int} {moved} to {self.float}")

    # Small pieces
    def _select(self, mask: str, a: str, b: str) -> str:
        return self.new(f"select {self.mask} {mask}, {self.float} {a}, {self.float} {b}")

    def _canonical(self, value: str) -> str:
        odd = self.new(f"fcmp uno {self.float} {value}, {value}")
        return self._select(odd, self.number(_NAN), value)

    def _raise(self, status: str, mask: str, bit: Status) -> str:
        if not bit:
            return status
        zero = self.whole_number(0)
        flag = self.new(f"select {self.mask} {mask}, {self.int} {self.whole_number(int(bit))}, {self.int} {zero}")
        return self.new(f"or {self.int} {status}, {flag}")

    def _has(self, status: str, bits: Status) -> str:
        found = self.new(f"and {self.int} {status}, {self.whole_number(int(bits))}")
        return self.new(f"icmp ne {self.int} {found}, {self.whole_number(0)}")

    def _present(self, stage: Stage, inputs: dict[tuple[str, int], str]) -> str:
        masks = []
        for key in stage.trigger:
            value = inputs[key]
            test = f"ogt {self.float} {value}, {self.number(0.0)}" if key[0] == "dt" else f"ord {self.float} {value}, {value}"
            masks.append(self.new(f"fcmp {test}"))
        present = masks[0]
        for mask in masks[1:]:
            present = self.new(f"or {self.mask} {present}, {mask}")
        return present

    def _reduce(self, how: str, mask: str) -> str:
        if self.lanes == 1:
            return mask
        return self.new(f"call i1 @llvm.vector.reduce.{how}.v{self.lanes}i1({self.mask} {mask})")

    def _indices(self, source: str) -> list[int]:
        read = {key for stage in self.kernel.stages for key in (*stage.program.inputs, *stage.trigger)}
        return sorted(i for name, i in read if name == source)

    # Memory
    def _pointer(self, name: str, track: str, stride: str) -> str:
        offset = self.new(f"mul i64 {track}, {stride}")
        return self.new(f"getelementptr {self.scalar}, ptr {self.frame[name]}, i64 {offset}")

    def _load(self, pointer: str, index: str) -> str:
        address = self.new(f"getelementptr {self.scalar}, ptr {pointer}, i64 {index}")
        return self.new(f"load {self.scalar}, ptr {address}")

    def _store(self, value: str, pointer: str, index: str) -> None:
        address = self.new(f"getelementptr {self.scalar}, ptr {pointer}, i64 {index}")
        self.put(f"store {self.scalar} {value}, ptr {address}")

    def _lane(self, value: str, lane: int) -> str:
        return value if self.lanes == 1 else self.new(f"extractelement {self.float} {value}, i64 {lane}")

    def _shared(self, name: str, index: str) -> str:
        value = self._load(self.frame[name], index)
        if self.lanes == 1:
            return value
        one = self.new(f"insertelement {self.float} poison, {self.scalar} {value}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self.new(f"shufflevector {self.float} {one}, {self.float} poison, {zeros}")

    def _gather(self, pointers: list[str], index: str) -> str:
        if self.lanes == 1:
            return self._load(pointers[0], index)
        value = "poison"
        for lane, pointer in enumerate(pointers):
            value = self.new(f"insertelement {self.float} {value}, {self.scalar} {self._load(pointer, index)}, i64 {lane}")
        return value

    def _store_record(self, record: dict[int, str]) -> None:
        """Each track's record is contiguous: lanes turn blocks of fields into rows before they are stored."""
        offset = self.new(f"mul i64 %k, {self.kernel.width}")
        if self.lanes == 1:
            for place in sorted(record):
                self._store(record[place], self.rows["out"][0], self.new(f"add i64 {offset}, {place}"))
            return
        for first in range(0, self.kernel.width, self.lanes):
            count = min(self.lanes, self.kernel.width - first)
            block = [record.get(first + i, "poison") for i in range(count)] + ["poison"] * (self.lanes - count)
            index = self.new(f"add i64 {offset}, {first}")
            for pointer, value in zip(self.rows["out"], self._transpose(block), strict=True):
                address = self.new(f"getelementptr {self.scalar}, ptr {pointer}, i64 {index}")
                if count == self.lanes:
                    self.put(f"store {self.float} {value}, ptr {address}, align {self.bytes}")
                else:
                    bits = ", ".join(f"i1 {'true' if i < count else 'false'}" for i in range(self.lanes))
                    self.put(
                        f"call void @llvm.masked.store.{self.suffix}.p0({self.float} {value}, ptr {address}, "
                        f"i32 {self.bytes}, {self.mask} <{bits}>)"
                    )

    def _transpose(self, block: list[str]) -> list[str]:
        """Fields by lanes -> lanes by fields, by swapping ever smaller off-diagonal quarters."""
        for half in _halves(self.lanes):
            swapped = list(block)
            for i in range(self.lanes):
                if i & half:
                    continue
                a, b = block[i], block[i + half]
                lanes = range(self.lanes)
                low = [k if not k & half else self.lanes + k - half for k in lanes]
                high = [k + half if not k & half else self.lanes + k for k in lanes]
                swapped[i], swapped[i + half] = self._shuffle(a, b, low), self._shuffle(a, b, high)
            block = swapped
        return block

    def _shuffle(self, a: str, b: str, picks: list[int]) -> str:
        if a == b == "poison":
            return "poison"
        mask = ", ".join(f"i32 {p}" for p in picks)
        return self.new(f"shufflevector {self.float} {a}, {self.float} {b}, <{self.lanes} x i32> <{mask}>")


class _RowState:
    def __init__(self, carry: list[str], sums: list[str], status: str, record: dict[int, str]) -> None:
        self.carry = carry
        self.sums = sums
        self.status = status
        self.record = record


def _halves(lanes: int) -> Iterator[int]:
    while lanes > 1:
        lanes //= 2
        yield lanes
