"""The default backend: LLVM text IR for the whole scan, one series or 2, 4, 8 tracks in SIMD lanes.

The text holds the loop over tracks, the loop over rows and the stages; every operation of a Program is one
LLVM instruction or intrinsic without fast-math flags, so no lane and no width changes a bit. Four shortcuts
skip work and change no bit either: a stage that is present in no lane is skipped; if all lanes commit, nothing is
selected; in an ordinary row no exception is prepared for (ordinary.py); and if the covariance repeats, what follows
from it alone comes from a memo (memo.py).
"""

from dataclasses import dataclass, field

from foglight.compiler.backends.llvm_memo import Slot
from foglight.compiler.backends.llvm_ordinary import compute
from foglight.compiler.backends.llvm_text import NAN, Text
from foglight.compiler.backends.memo import Memo, plan, presence
from foglight.compiler.backends.ordinary import Usual, ordinary
from foglight.compiler.kernel import FRAME, Kernel, Stage
from foglight.core.errors import Status

Inputs = dict[tuple[str, int], str]
_WAIT = 32  # rows after one that was not ordinary, in which that is not tried: such rows come in runs
_AHEAD = 4  # rows: how early the memory of a record is prefetched; measured fastest of 1 to 32


def text(kernel: Kernel, lanes: int = 1, *, apart: bool = False, twice: bool = False) -> str:
    """The LLVM module of this kernel, its scan named `scan`, taking the address of a frame.

    apart: the tracks in the lanes have times of their own, and lie wherever the frame says; there is no memo.
    twice: ordinary rows have code of their own, which is up to a fifth faster and takes half as long again to compile.
    """
    return _Scan(kernel, lanes, apart, twice).module()


@dataclass
class _Row:
    """The state of a row after some of its stages."""

    carry: list[str]
    sums: list[str]
    status: str
    record: dict[int, str] = field(default_factory=dict)
    odd: str = "false"  # one bit: whether a number was not as in an ordinary row


class _Scan:
    def __init__(self, kernel: Kernel, lanes: int, apart: bool, twice: bool) -> None:
        self.kernel = kernel
        self.lanes = lanes
        self.apart = apart
        self.memo: Memo | None = None if apart else plan(kernel)
        self.usual = ordinary(kernel, self.memo) if twice else None
        self.t = Text(kernel.dtype, lanes)
        self.frame: dict[str, str] = {}
        self.pointers: dict[str, list[str]] = {}

    def module(self) -> str:
        t = self.t
        width = self.lanes * t.bytes * 8
        self._function()
        widths = f'"prefer-vector-width"="{width}" "min-legal-vector-width"="{width}"'
        attributes = f"attributes #0 = {{ nounwind {widths} }}"
        body = ["define void @scan(ptr %frame) #0 {", *t.lines, "}", attributes]
        return "\n".join([*t.declarations(), "", *body, ""])

    def _function(self) -> None:
        t, kernel = self.t, self.kernel
        t.label("entry")
        for index, name in enumerate(FRAME):
            if name in ("numbers", "firsts") and not self.apart:
                continue
            kind = "i64" if name.endswith("stride") or name in ("tracks", "rows", "slots") else "ptr"
            address = t.new(f"getelementptr i64, ptr %frame, i64 {index}")
            self.frame[name] = t.new(f"load {kind}, ptr {address}")
        params = {("params", i): t.load_shared(self.frame["params"], str(i)) for i in self._read("params")}
        last = t.new(f"sub i64 {self.frame['tracks']}, {self.lanes}")
        t.branch(t.new(f"icmp sge i64 {last}, 0"), "track", "end")
        t.label("track")
        t.put("%block = phi i64 [ 0, %entry ], [ %block.next, %track.next ]")
        # The last block of lanes steps back to stay inside the arrays; tracks run twice give the same bits twice.
        inside = t.new(f"icmp slt i64 %block, {last}")
        base = t.new(f"select i1 {inside}, i64 %block, i64 {last}")
        tracks = [t.new(f"add i64 {base}, {lane}") for lane in range(self.lanes)]
        firsts = [self._whole("firsts", track) for track in tracks] if self.apart else []
        tracks = [self._whole("numbers", track) for track in tracks] if self.apart else tracks
        start = [self._pointer("carry_in", track, self.frame["carry_in_stride"]) for track in tracks]
        initial = [t.gather(start, str(i)) for i in range(kernel.carried)]
        first_seen = t.new(f"fptoui {t.float} {initial[-1]} to {t.int}")
        if self.apart:
            for name, width in {"dt": 1, "out": kernel.width, **kernel.widths}.items():
                if name != "params":
                    self.pointers[name] = [self._pointer(name, first, str(width)) for first in firsts]
        else:
            for name in ("u", "z", "out"):
                stride = self.frame[f"{name}_stride"]
                self.pointers[name] = [self._pointer(name, track, stride) for track in tracks]
        t.branch(t.new(f"icmp sgt i64 {self.frame['rows']}, 0"), "row", "track.done")
        names = [f"%c{i}" for i in range(len(kernel.carry))] + ["%total"]
        t.label("row")
        t.put("%k = phi i64 [ 0, %track ], [ %k.next, %row.done ]")
        if self.memo:
            t.put("%slot = phi i64 [ 0, %track ], [ %slot.next, %row.done ]")
            t.put("%was.fast = phi i1 [ false, %track ], [ %is.fast, %row.done ]")
        for name, value in zip(names, initial[:-1], strict=True):
            t.put(f"{name} = phi {t.float} [ {value}, %track ], [ {name}.next, %row.done ]")
        t.put(f"%seen = phi {t.int} [ {first_seen}, %track ], [ %seen.next, %row.done ]")
        if self.usual:
            t.put("%wait = phi i64 [ 0, %track ], [ %wait.next, %row.done ]")
        row, total, status = self._row(names[:-1], params)
        t.jump("row.done")
        left = t.block
        t.label("row.done")
        for name, value in zip(names, [*row.carry, total], strict=True):
            t.put(f"{name}.next = phi {t.float} [ {value}, %{left} ]")
        t.put(f"%seen.next = or {t.int} %seen, {status}")
        t.put("%k.next = add i64 %k, 1")
        if self.usual:
            one_less = t.new("call i64 @llvm.usub.sat.i64(i64 %wait, i64 1)")
            t.put(f"%wait.next = select i1 {row.odd}, i64 {_WAIT}, i64 {one_less}")
        if self.memo:
            self.slot.next("%slot.next")
        t.branch(t.new(f"icmp slt i64 %k.next, {self.frame['rows']}"), "row", "track.done")
        t.label("track.done")
        final = [
            t.phi(t.float, (value, "track"), (f"{name}.next", "row.done"))
            for name, value in zip(names, initial[:-1], strict=True)
        ]
        seen = t.phi(t.int, (first_seen, "track"), ("%seen.next", "row.done"))
        final.append(t.new(f"uitofp {t.int} {seen} to {t.float}"))
        stop = [self._pointer("carry_out", track, str(kernel.carried)) for track in tracks]
        for i, value in enumerate(final):
            t.scatter(value, stop, str(i))
        t.jump("track.next")
        t.label("track.next")
        t.put(f"%block.next = add i64 %block, {self.lanes}")
        t.branch(t.new(f"icmp slt i64 %block.next, {self.frame['tracks']}"), "track", "end")
        t.label("end")
        t.put("ret void")

    def _row(self, carry: list[str], params: Inputs) -> tuple[_Row, str, str]:
        """One row; returns its final state, the new total and the row's status."""
        t, kernel = self.t, self.kernel
        inputs = params | self._inputs()
        zero = t.number(0.0)
        start = _Row(carry, [zero, zero], t.whole_number(0))
        if self.memo:
            z = [inputs["z", i] for i in self._read("z")]
            slots = self.frame["memo"], self.frame["slots"]
            self.slot = Slot(t, self.memo, slots, carry, z, t.load(self.frame["dt"], "%k"))
            self.slot.look()
            t.label("fast")
            fast = self._stages(start, inputs, fast=True)
            t.jump("tail")
            fast_end = t.block
            t.label("slow")
            self.slot.remember()
        slow = self._stages(start, inputs, fast=False)
        if self.memo:
            t.jump("tail")
            slow_end = t.block
            t.label("tail")
            row = self._meet((fast, fast_end), (slow, slow_end))
            t.put(f"%is.fast = phi i1 [ true, %{fast_end} ], [ false, %{slow_end} ]")
        else:
            row = slow
        status = self._row_status(row.status)
        if kernel.sums >= 0:
            row.record[kernel.sums] = t.select(self._has(status, Status.USED), row.sums[0], t.number(NAN))
            row.record[kernel.sums + 1] = row.sums[1]
        if kernel.status >= 0:
            row.record[kernel.status] = t.new(f"uitofp {t.int} {status} to {t.float}")
        offset = t.new(f"mul i64 %k, {kernel.width}")
        ahead = t.new(f"add i64 {offset}, {_AHEAD * kernel.width}")
        t.prefetch(self.pointers["out"], ahead, kernel.width)
        t.store_fields([row.record[column] for column in range(kernel.width)], self.pointers["out"], offset)
        return row, t.new(f"fadd {t.float} %total, {row.sums[1]}"), status

    def _inputs(self) -> Inputs:
        t, kernel = self.t, self.kernel
        inputs = {("dt", 0): self._number("dt", "%k")}
        for source in ("row", "u", "z"):
            read = self._read(source)
            offset = t.new(f"mul i64 %k, {kernel.widths[source]}") if read else ""
            for i in read:
                inputs[source, i] = self._number(source, t.new(f"add i64 {offset}, {i}"))
        return inputs

    def _number(self, source: str, index: str) -> str:
        """A number of the row: of each track, or one that all of them share."""
        if source in self.pointers:
            return self.t.gather(self.pointers[source], index)
        return self.t.load_shared(self.frame[source], index)

    # Stages
    def _stages(self, start: _Row, inputs: Inputs, fast: bool) -> _Row:
        row = _Row(start.carry, start.sums, start.status)
        for index, stage in enumerate(self.kernel.stages):
            row = (
                self._fast_stage(index, stage, row, inputs)
                if fast
                else self._stage(index, stage, row, inputs)
            )
            if index in self.kernel.snapshots:
                first = self.kernel.snapshots[index]
                row.record |= {first + i: value for i, value in enumerate(row.carry)}
        return row

    def _stage(self, index: int, stage: Stage, row: _Row, inputs: Inputs) -> _Row:
        """Compute the stage; keep the old carry in lanes that do not commit."""
        t = self.t
        run, merge, done = f"run{index}", f"merge{index}", f"done{index}"
        ways = [(row, t.block)]
        present = self._present(stage, inputs)
        t.branch(t.reduce("or", present), run, done)
        t.label(run)
        odd = row.odd
        if self.usual:
            way, odd = self._ordinary_stage(index, stage, row, inputs, present, self.usual[index])
            ways.append(way)
        registers, out = self._program(index, stage, row.carry, inputs)
        if self.memo:
            self.slot.save(index, stage, registers)
        ran, commit = t.block, t.new(f"and {t.mask} {present}, {out['commit'][0]}")
        new = self._taken(stage, row, out, present, commit)
        new.odd = odd
        raised = new.status
        new.status = self._raise(raised, t.splat("i1", "true"), stage.used)
        t.branch(t.reduce("and", commit), done, merge)
        t.label(merge)
        if self.memo:
            self.slot.forget()
        kept = _Row(
            [t.select(commit, a, b) for a, b in zip(new.carry, row.carry, strict=True)],
            [t.select(commit, a, b) for a, b in zip(new.sums, row.sums, strict=True)],
            self._raise(raised, commit, stage.used),
            new.record,
            odd,
        )
        t.jump(done)
        t.label(done)
        return self._meet(*ways, (new, ran), (kept, merge))

    def _ordinary_stage(
        self, index: int, stage: Stage, row: _Row, inputs: Inputs, present: str, usual: Usual
    ) -> tuple[tuple[_Row, str], str]:
        """The stage in a row that is ordinary in all lanes, with its last block. Any other row goes on in the block
        that follows; the bit says whether that was seen only here."""
        t, every = self.t, self.t.splat("i1", "true")
        here, rest, before = f"ordinary{index}", f"whole{index}", t.block
        tried = t.new("icmp eq i64 %wait, 0")
        there = [present, *[self._there(inputs[stage.program.code[k].value]) for k in sorted(usual.present)]]
        t.branch(t.new(f"and i1 {tried}, {t.every_mask(there)}"), here, rest)
        t.label(here)
        scope = inputs | {("carry", i): value for i, value in enumerate(row.carry)}
        registers, left_in = compute(t, stage.program, usual, scope, here, rest)
        out = {name: [registers[k] for k in ks] for name, ks in stage.program.outputs.items()}
        new = self._taken(stage, row, out, every, every)
        new.status = self._raise(new.status, every, stage.used)
        if self.memo:
            self.slot.save(index, stage, registers, "ordinary.")
        ended_in = t.block
        t.jump(f"done{index}")
        t.label(rest)
        return (new, ended_in), t.phi("i1", (row.odd, before), *[("true", block) for block in left_in])

    def _fast_stage(self, index: int, stage: Stage, row: _Row, inputs: Inputs) -> _Row:
        """The stage with static values from the memo. If a lane does not commit, the row takes the slow path."""
        t = self.t
        run, done, before = f"fast.run{index}", f"fast.done{index}", t.block
        present = self._present(stage, inputs)
        t.branch(t.reduce("or", present), run, done)
        t.label(run)
        known = self.slot.load(index, stage)
        _, out = self._program(index, stage, row.carry, inputs, known)
        commit = t.new(f"and {t.mask} {present}, {out['commit'][0]}")
        new = self._taken(stage, row, out, present, commit)
        new.status = self._raise(new.status, t.splat("i1", "true"), stage.used)
        t.branch(t.reduce("and", commit), done, "slow")
        ran = t.block
        t.label(done)
        return self._meet((row, before), (new, ran))

    def _taken(self, stage: Stage, row: _Row, out: dict[str, list[str]], present: str, commit: str) -> _Row:
        """The row if the stage commits in all lanes, without its `used` bit."""
        t = self.t
        status = row.status
        for bit, mask in zip(stage.status, out["status"], strict=True):
            status = self._raise(status, t.new(f"and {t.mask} {present}, {mask}"), bit)
        added = [t.new(f"fadd {t.float} {a}, {b}") for a, b in zip(row.sums, out["sums"], strict=False)]
        shown = [t.canonical(t.select(commit, v, t.number(NAN))) for v in out["record"]]
        record = row.record | dict(zip(stage.record, shown, strict=True))
        return _Row(out["carry"], added or row.sums, status, record, row.odd)

    def _meet(self, *ways: tuple[_Row, str]) -> _Row:
        """The row where several ways meet, each given as its row and its last block."""
        t = self.t
        rows, blocks = [row for row, _ in ways], [block for _, block in ways]
        made: dict[tuple[str, ...], str] = {}

        def phi(kind: str, *values: str) -> str:
            if len(set(values)) == 1:
                return values[0]
            if values not in made:
                made[values] = t.phi(kind, *zip(values, blocks, strict=True))
            return made[values]

        nothing = t.number(NAN)
        return _Row(
            [phi(t.float, *values) for values in zip(*[row.carry for row in rows], strict=True)],
            [phi(t.float, *values) for values in zip(*[row.sums for row in rows], strict=True)],
            phi(t.int, *[row.status for row in rows]),
            {p: phi(t.float, *[row.record.get(p, nothing) for row in rows]) for p in rows[1].record},
            phi("i1", *[row.odd for row in rows]),
        )

    def _program(
        self,
        index: int,
        stage: Stage,
        carry: list[str],
        inputs: Inputs,
        known: dict[int, str] | None = None,
    ) -> tuple[dict[int, str], dict[str, list[str]]]:
        """The registers of a stage by number, and its outputs. With `known`, it computes no static register."""
        t = self.t
        scope = inputs | {("carry", i): value for i, value in enumerate(carry)}
        registers = dict(known or {})
        skip = self.memo.static[index] if self.memo and known else frozenset()
        for k, i in enumerate(stage.program.code):
            if i.op == "input":
                registers[k] = scope[i.value]
            elif i.op == "const":
                registers[k] = t.number(i.value)
            elif k not in skip or presence(stage, k):
                registers[k] = t.operation(i.op, [registers[a] for a in i.args])
        outputs = {name: [registers[k] for k in ks] for name, ks in stage.program.outputs.items()}
        return registers, outputs

    # Small pieces
    def _raise(self, status: str, mask: str, bit: Status) -> str:
        if not bit:
            return status
        t = self.t
        zero = t.whole_number(0)
        flag = t.new(f"select {t.mask} {mask}, {t.int} {t.whole_number(int(bit))}, {t.int} {zero}")
        return t.new(f"or {t.int} {status}, {flag}")

    def _has(self, status: str, bits: Status) -> str:
        t = self.t
        found = t.new(f"and {t.int} {status}, {t.whole_number(int(bits))}")
        return t.new(f"icmp ne {t.int} {found}, {t.whole_number(0)}")

    def _row_status(self, status: str) -> str:
        t = self.t
        received = self._has(status, self.kernel.received)
        zero, missing = t.whole_number(0), t.whole_number(int(Status.MISSING))
        silent = t.new(f"select {t.mask} {received}, {t.int} {zero}, {t.int} {missing}")
        return t.new(f"or {t.int} {status}, {silent}")

    def _present(self, stage: Stage, inputs: Inputs) -> str:
        t = self.t
        present = ""
        for key in stage.trigger:
            value = inputs[key]
            there = (
                t.new(f"fcmp ogt {t.float} {value}, {t.number(0.0)}")
                if key[0] == "dt"
                else self._there(value)
            )
            present = t.new(f"or {t.mask} {present}, {there}") if present else there
        return present

    def _there(self, value: str) -> str:
        """Whether a component of z is not missing."""
        return self.t.new(f"fcmp ord {self.t.float} {value}, {value}")

    def _read(self, source: str) -> list[int]:
        """The indices of the numbers of a source that any stage reads."""
        read = {key for stage in self.kernel.stages for key in (*stage.program.inputs, *stage.trigger)}
        return sorted(i for name, i in read if name == source)

    def _whole(self, name: str, track: str) -> str:
        """A whole number of the frame for each track."""
        address = self.t.new(f"getelementptr i64, ptr {self.frame[name]}, i64 {track}")
        return self.t.new(f"load i64, ptr {address}")

    def _pointer(self, name: str, track: str, stride: str) -> str:
        offset = self.t.new(f"mul i64 {track}, {stride}")
        return self.t.new(f"getelementptr {self.t.scalar}, ptr {self.frame[name]}, i64 {offset}")
