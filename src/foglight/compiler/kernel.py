"""What a backend compiles: the stages of one row, and the position of each number in a row.

A row is the predict stage, then one update stage per sensor, in declared order. The scan over rows is the
same for every model, so that a backend knows only Programs and this layout:

    for each row:
        for each stage:
            present = any of its triggers is present       (dt > 0; a component of z that is not NaN)
            skip the stage if it is present in no track
            new = program(carry, dt, u, row, z, params)
            commit = present and new.commit
            carry = commit ? new.carry : carry              (a stage commits whole or not at all)
            sums += commit ? new.sums : 0
            record[stage.record] = commit ? new.record : NaN
            status |= the bits whose mask holds
            record[snapshot] = carry                        (if the record holds the carry after this stage)
        record[sums] = sums, NaN for nis where no sensor was used
        record[status] = status
        total += loglik
"""

from dataclasses import dataclass, field

from foglight.core.errors import REFUSED, Status
from foglight.trace.array_work import is_dense, work
from foglight.trace.program import Program

# After the carry, two more numbers are passed from row to row and from call to call: Σ loglik, and the status bits of
# all rows so far.
LOGLIK, SEEN = -2, -1

# What a compiled scan reads: one array of 64-bit integers (counts, addresses, strides), in this order. A stride
# counts numbers from one track to the next; 0 shares one array among all tracks. Time is shared by all tracks.
# numbers, firsts: of tracks with times of their own, the number and the first row of each (`llvm.text`, apart).
FRAME = (
    "tracks", "rows", "dt", "u", "u_stride", "row", "z", "z_stride", "params",
    "carry_in", "carry_in_stride", "carry_out", "out", "out_stride", "memo", "slots",
    "numbers", "firsts",
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """One Program of the row. Its outputs: carry, commit (one mask), record, sums, status (masks)."""

    name: str
    program: Program
    trigger: tuple[tuple[str, int], ...]  # ("dt", 0), or the stage's components of z
    record: tuple[int, ...] = ()  # the columns of its `record` outputs
    status: tuple[Status, ...] = ()  # the bit of each `status` mask
    used: Status = Status(0)  # set where the stage commits; a gated stage has a mask for it instead
    note: str = ""  # a note for users on how it computes


@dataclass(frozen=True)
class Kernel:
    """The stages of a row and the layout of what they read and write."""

    name: str
    dtype: str
    stages: tuple[Stage, ...]
    carry: tuple[str, ...]  # a label for each number that is carried from row to row
    widths: dict[str, int]  # how many numbers a row has in each of u, row, z; and params in all
    labels: dict[str, tuple[str, ...]]  # names of u, z and params, for the reader of generated code
    snapshots: dict[int, int] = field(default_factory=dict)  # stage -> first column of the carry after it
    sums: int = -1  # first column of nis and loglik (two numbers), -1 for none
    status: int = -1  # column of the status, -1 for none
    width: int = 0  # numbers in a record

    @property
    def size(self) -> int:
        """Operations in all stages."""
        return sum(stage.program.size for stage in self.stages)

    @property
    def work(self) -> float:
        """About how many scalar operations its stages stand for."""
        return sum(work(stage.program) for stage in self.stages)

    @property
    def is_dense(self) -> bool:
        """Whether all matrices that its stages multiply are without zeros."""
        return all(is_dense(stage.program) for stage in self.stages)

    @property
    def on_arrays(self) -> bool:
        """Whether its stages have operations on whole arrays."""
        return any(stage.program.on_arrays for stage in self.stages)

    @property
    def nis(self) -> int:
        """The column of the NIS in a record."""
        return self.sums

    @property
    def loglik(self) -> int:
        """The column of the log-likelihood in a record."""
        return self.sums + 1

    @property
    def received(self) -> Status:
        """The bits of a row in which a sensor reported; a row without any of them is MISSING."""
        gated = any(Status.GATED in stage.status for stage in self.stages)
        return Status.USED | REFUSED | (Status.GATED if gated else Status(0))

    @property
    def carried(self) -> int:
        """Numbers carried from run to run: the carry, the total log-likelihood, the status of all rows."""
        return len(self.carry) + 2
