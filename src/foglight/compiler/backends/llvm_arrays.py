"""Kernels on whole arrays as LLVM text: the scan of one track after another, its arrays in memory.

The text holds the loop over tracks, the loop over rows and the stages, as `llvm` does. Scalars are one instruction
each; operations on arrays are calls of loops (`loop_library`). What is carried lies in memory twice: a stage reads one
copy and writes the other, and if it commits, the two change roles.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from foglight.compiler.backends.array_memory import Memory, constants, whole_vectors
from foglight.compiler.backends.llvm_array_stage import StageText
from foglight.compiler.backends.llvm_loops import ATTRIBUTES
from foglight.compiler.backends.llvm_text import NAN, Text
from foglight.compiler.kernel import FRAME, Kernel, Stage
from foglight.core.errors import Status


def memories(kernel: Kernel) -> tuple[Memory, ...]:
    """Where the arrays of each stage are."""
    return tuple(Memory(stage.program, len(kernel.carry)) for stage in kernel.stages)


class ScanText(NamedTuple):
    """An LLVM module, and the names of the loops that it calls."""

    text: str
    loops: set[str]


def text(kernel: Kernel, memories: Sequence[Memory]) -> ScanText:
    """The LLVM module of a kernel, its scan named `scan`, taking the address of a frame."""
    return _Scan(kernel, memories).module()


def workspace(kernel: Kernel, memories: Sequence[Memory]) -> int:
    """The numbers of memory that a scan needs: twice the carry, and the arrays of the largest stage."""
    return 2 * _room(kernel) + max(memory.size for memory in memories) + 8


def _room(kernel: Kernel) -> int:
    return whole_vectors(len(kernel.carry) + 8)


class _Scan:
    def __init__(self, kernel: Kernel, memories: Sequence[Memory]) -> None:
        self.kernel = kernel
        self.memories = memories
        self.t = Text(kernel.dtype, 1)
        self.declared: dict[str, str] = {}
        self.globals: list[str] = []
        self.frame: dict[str, str] = {}

    def module(self) -> ScanText:
        self._function()
        lines = ["define void @scan(ptr %frame) #0 {", *self.t.lines, "}"]
        declared = [*self.t.declarations(), *self.declared.values()]
        text = "\n".join([*declared, *self.globals, *lines, ATTRIBUTES, ""])
        return ScanText(text, set(self.declared))

    def _function(self) -> None:
        t, kernel = self.t, self.kernel
        t.label("entry")
        for index, name in enumerate(FRAME):
            kind = "i64" if name.endswith("stride") or name in ("tracks", "rows", "slots") else "ptr"
            self.frame[name] = t.new(
                f"load {kind}, ptr {t.new(f'getelementptr i64, ptr %frame, i64 {index}')}"
            )
        room = _room(kernel)
        one, two, self.work = (
            t.new(f"getelementptr double, ptr {self.frame['memo']}, i64 {k * room}") for k in range(3)
        )
        t.branch(t.new(f"icmp sgt i64 {self.frame['tracks']}, 0"), "track", "end")
        t.label("track")
        t.put("%track.k = phi i64 [ 0, %entry ], [ %track.next.k, %track.done ]")
        start = self._pointer("carry_in", self.frame["carry_in_stride"])
        self.call_loop("block", one, 0, start, 0, 1, len(kernel.carry))
        total, seen = (t.load(start, str(len(kernel.carry) + k)) for k in range(2))
        first_seen = t.new(f"fptoui double {seen} to i64")
        self.pointers = {
            name: self._pointer(name, self.frame[f"{name}_stride"]) for name in ("u", "z", "out")
        }
        self.pointers["row"] = self.frame["row"]
        t.branch(t.new(f"icmp sgt i64 {self.frame['rows']}, 0"), "row", "track.done")
        t.label("row")
        t.put("%k = phi i64 [ 0, %track ], [ %k.next, %row.done ]")
        for name, begin in (("%now", one), ("%other", two)):
            t.put(f"{name} = phi ptr [ {begin}, %track ], [ {name}.next, %row.done ]")
        t.put(f"%total = phi double [ {total}, %track ], [ %total.next, %row.done ]")
        t.put(f"%seen = phi i64 [ {first_seen}, %track ], [ %seen.next, %row.done ]")
        now, other, added, status = self._row()
        t.jump("row.done")
        t.label("row.done")
        t.put(f"%now.next = getelementptr i8, ptr {now}, i64 0")
        t.put(f"%other.next = getelementptr i8, ptr {other}, i64 0")
        t.put(f"%total.next = fadd double %total, {added}")
        t.put(f"%seen.next = or i64 %seen, {status}")
        t.put("%k.next = add i64 %k, 1")
        t.branch(t.new(f"icmp slt i64 %k.next, {self.frame['rows']}"), "row", "track.done")
        t.label("track.done")
        last = t.phi("ptr", (one, "track"), ("%now.next", "row.done"))
        sum_ = t.phi("double", (total, "track"), ("%total.next", "row.done"))
        bits = t.phi("i64", (first_seen, "track"), ("%seen.next", "row.done"))
        stop = self._pointer("carry_out", str(kernel.carried))
        self.call_loop("block", stop, 0, last, 0, 1, len(kernel.carry))
        t.scatter(sum_, [stop], str(len(kernel.carry)))
        t.scatter(t.new(f"uitofp i64 {bits} to double"), [stop], str(len(kernel.carry) + 1))
        t.put("%track.next.k = add i64 %track.k, 1")
        t.branch(t.new(f"icmp slt i64 %track.next.k, {self.frame['tracks']}"), "track", "end")
        t.label("end")
        t.put("ret void")

    def _row(self) -> tuple[str, str, str, str]:
        """One row; returns where the carry is, the other position, the log-likelihood and the status."""
        t, kernel = self.t, self.kernel
        self.record = t.new(
            f"getelementptr double, ptr {self.pointers['out']}, i64 {t.new(f'mul i64 %k, {kernel.width}')}"
        )
        zero = t.number(0.0)
        now, other, sums, status = "%now", "%other", [zero, zero], "0"
        for index, stage in enumerate(kernel.stages):
            now, other, sums, status = self._stage(index, stage, now, other, sums, status)
            if index in kernel.snapshots:
                position = t.new(f"getelementptr double, ptr {self.record}, i64 {kernel.snapshots[index]}")
                self.call_loop("block", position, 0, now, 0, 1, len(kernel.carry))
        received = self._has(status, int(kernel.received))
        silent = t.new(f"select i1 {received}, i64 0, i64 {int(Status.MISSING)}")
        status = t.new(f"or i64 {status}, {silent}")
        if kernel.sums >= 0:
            used = self._has(status, int(Status.USED))
            t.scatter(t.select(used, sums[0], t.number(NAN)), [self.record], str(kernel.sums))
            t.scatter(sums[1], [self.record], str(kernel.sums + 1))
        if kernel.status >= 0:
            t.scatter(t.new(f"uitofp i64 {status} to double"), [self.record], str(kernel.status))
        return now, other, sums[1], status

    def _stage(
        self, index: int, stage: Stage, now: str, other: str, sums: list[str], status: str
    ) -> tuple[str, str, list[str], str]:
        t, before = self.t, self.t.block
        run, done, absent = f"run{index}", f"done{index}", f"absent{index}"
        t.branch(self._present(stage), run, absent if stage.record else done)
        if stage.record:
            before = absent
            t.label(absent)
            self._nothing_recorded(stage)
            t.jump(done)
        t.label(run)
        out = self._program(index, stage, now, other)
        [commit] = out["commit"]
        whole = bool(stage.record) and not out["record"]
        for column, value in zip(() if whole else stage.record, out["record"], strict=True):
            t.scatter(t.canonical(t.select(commit, value, t.number(NAN))), [self.record], str(column))
        new = [
            t.new(f"select i1 {commit}, ptr {other}, ptr {now}"),
            t.new(f"select i1 {commit}, ptr {now}, ptr {other}"),
        ]
        added = [
            t.select(commit, t.new(f"fadd double {a}, {b}"), a)
            for a, b in zip(sums, out["sums"], strict=False)
        ] or sums
        raised = status
        for bit, mask in [*zip(stage.status, out["status"], strict=True), (stage.used, commit)]:
            if bit:
                raised = t.new(f"or i64 {raised}, {t.new(f'select i1 {mask}, i64 {int(bit)}, i64 0')}")
        ran = t.block
        t.jump(done)
        t.label(done)

        def meet(kind: str, old: str, value: str) -> str:
            return old if old == value else t.phi(kind, (old, before), (value, ran))

        now, other = (meet("ptr", old, value) for old, value in zip((now, other), new, strict=True))
        sums = [meet("double", old, value) for old, value in zip(sums, added, strict=True)]
        return now, other, sums, meet("i64", status, raised)

    def _program(self, index: int, stage: Stage, now: str, other: str) -> dict[str, list[str]]:
        """The outputs of a stage, which writes its new carry to `other`."""
        t, program = self.t, stage.program
        memory = self.memories[index]
        body = StageText(
            self, program, memory, {"carry": now, "result": other, "work": self.work}, f"s{index}"
        )
        for k, numbers in constants(program, memory).items():
            body.constant(k, numbers)
        for k, i in enumerate(program.code):
            body.instruction(k, i)
        body.finish()
        for carry in program.outputs["carry"]:  # one array, or none
            if memory.position[memory.root(carry)].base != "result":
                where, _ = body.vector(carry)
                self.call_loop("block", other, 0, where, 0, 1, len(self.kernel.carry))
        record = program.outputs["record"]
        if stage.record and record[0] not in body.scalars:
            where, _ = body.vector(record[0])
            at = t.new(f"getelementptr double, ptr {self.record}, i64 {stage.record[0]}")
            commit = body.scalars[program.outputs["commit"][0]]
            self.call(
                "void", "recorded", f"ptr {at}", f"ptr {where}", f"i64 {len(stage.record)}", f"i1 {commit}"
            )
        return {
            name: [body.scalars[k] for k in ks if k in body.scalars]
            for name, ks in program.outputs.items()
            if name != "carry"
        }

    def _nothing_recorded(self, stage: Stage) -> None:
        """NaN for all that a stage records."""
        first, last = stage.record[0], stage.record[-1]
        if stage.record == tuple(range(first, last + 1)):
            at = self.t.new(f"getelementptr double, ptr {self.record}, i64 {first}")
            self.call("void", "recorded", f"ptr {at}", f"ptr {at}", f"i64 {len(stage.record)}", "i1 false")
        else:
            for column in stage.record:
                self.t.scatter(self.t.number(NAN), [self.record], str(column))

    # Small pieces
    def _pointer(self, name: str, stride: str) -> str:
        t = self.t
        return t.new(
            f"getelementptr double, ptr {self.frame[name]}, i64 {t.new(f'mul i64 %track.k, {stride}')}"
        )

    def input_address(self, source: str, index: int) -> str:
        """Where one number of the row, or a parameter, is in memory."""
        t = self.t
        if source == "params":
            return t.new(f"getelementptr double, ptr {self.frame['params']}, i64 {index}")
        offset = t.new(f"mul i64 %k, {self.kernel.widths[source]}")
        return t.new(
            f"getelementptr double, ptr {self.pointers[source]}, i64 {t.new(f'add i64 {offset}, {index}')}"
        )

    def call_loop(self, loop: str, *args: Any) -> None:
        self.call("void", loop, *[f"i64 {a}" if isinstance(a, int) else f"ptr {a}" for a in args])

    def call(self, kind: str, loop: str, *args: str) -> str:
        """A call of a loop; returns its result, if it has one."""
        self.declared[loop] = f"declare {kind} @{loop}({', '.join(a.split()[0] for a in args)}) #0"
        line = f"call {kind} @{loop}({', '.join(args)})"
        if kind == "void":
            self.t.put(line)
            return ""
        return self.t.new(line)

    def input(self, source: str, index: int) -> str:
        """One number of the row."""
        t = self.t
        if source == "dt":
            return t.load(self.frame["dt"], "%k")
        if source == "params":
            return t.load(self.frame["params"], str(index))
        return t.load(self.input_address(source, index), "0")

    def _has(self, status: str, bits: int) -> str:
        return self.t.new(f"icmp ne i64 {self.t.new(f'and i64 {status}, {bits}')}, 0")

    def _present(self, stage: Stage) -> str:
        t, present = self.t, ""
        for source, index in stage.trigger:
            value = self.input(source, index)
            there = t.new(
                f"fcmp ogt double {value}, 0.0" if source == "dt" else f"fcmp ord double {value}, {value}"
            )
            present = t.new(f"or i1 {present}, {there}") if present else there
        return present
