"""What a backend compiles: the stages of one row, and where each number of a row goes.

A row is: the predict stage, then one update stage a sensor, in declared order. The scan over rows is the
same for every model, so that a backend knows only Programs and this layout:

    for each row:
        for each stage:
            present = any of its triggers is there          (dt > 0; a component of z that is not NaN)
            skip the stage where no track has it present
            new = program(carry, dt, u, row, z, params)
            commit = present and new.commit
            carry = commit ? new.carry : carry              (a stage commits whole or not at all)
            sums += commit ? new.sums : 0
            record[stage.record] = commit ? new.record : NaN
            status |= the bits whose mask holds
            record[snapshot] = carry                        (where the record wants the carry after this stage)
        record[sums] = sums, NaN for nis where no sensor was used
        record[status] = status
        total += loglik
"""

from dataclasses import dataclass, field

from foglight.core.errors import REFUSED, Status
from foglight.trace.program import Program

# Behind the carry, two more numbers go from row to row and from call to call: Σ loglik, and the bits of all rows.
LOGLIK, SEEN = -2, -1

# What a compiled scan reads: one array of 64-bit integers (counts, addresses, strides), in this order. A stride
# counts numbers from one track to the next; 0 shares one array among all tracks. Time is shared by all.
FRAME = (
    "tracks", "rows", "dt", "u", "u_stride", "row", "z", "z_stride", "params",
    "carry_in", "carry_in_stride", "carry_out", "out", "out_stride", "memo", "slots",
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """One Program of the row. Its outputs: carry, commit (one mask), record, sums, status (masks)."""

    name: str
    program: Program
    trigger: tuple[tuple[str, int], ...]  # ("dt", 0), or the stage's components of z
    record: tuple[int, ...] = ()  # where its `record` outputs go
    status: tuple[Status, ...] = ()  # the bit of each `status` mask
    used: Status = Status(0)  # set where the stage commits; a gated stage tells it with a mask instead
    note: str = ""  # what a user should know of how it computes


@dataclass(frozen=True)
class Kernel:
    """The stages of a row and the layout of what they read and leave."""

    name: str
    dtype: str
    stages: tuple[Stage, ...]
    carry: tuple[str, ...]  # a label for each number that is carried from row to row
    widths: dict[str, int]  # how many numbers a row has in each of u, row, z; and params in all
    labels: dict[str, tuple[str, ...]]  # names of u, z and params, for the reader of generated code
    snapshots: dict[int, int] = field(default_factory=dict)  # stage -> where the whole carry goes after it
    sums: int = -1  # where nis and loglik go (two numbers), or nowhere
    status: int = -1  # where the status goes, or nowhere
    width: int = 0  # numbers in a record

    @property
    def size(self) -> int:
        """Operations in all stages."""
        return sum(stage.program.size for stage in self.stages)

    @property
    def nis(self) -> int:
        """Where the NIS of a row is in its record."""
        return self.sums

    @property
    def loglik(self) -> int:
        """Where the log-likelihood of a row is in its record."""
        return self.sums + 1

    @property
    def received(self) -> Status:
        """The bits of a row in which a sensor reported; without any of them it is MISSING."""
        gated = any(Status.GATED in stage.status for stage in self.stages)
        return Status.USED | REFUSED | (Status.GATED if gated else Status(0))

    @property
    def carried(self) -> int:
        """Numbers carried from run to run: the carry, the total log-likelihood, the status of all rows."""
        return len(self.carry) + 2
