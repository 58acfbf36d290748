"""The protocol of a backend, which runs a Kernel over rows. `foglight.compiler.engine.engine` registers them."""

from typing import Protocol

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.core.types import Array


class Engine(Protocol):
    """A kernel, ready to run."""

    @property
    def kernel(self) -> Kernel:
        """The stages of the kernel, and the layout of its records."""

    @property
    def same_bits(self) -> bool:
        """Whether it gives the bits of every other backend; the equations on floats (`ReferenceEngine`) do not."""

    @property
    def carried(self) -> int:
        """Numbers carried from run to run."""

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """carry_out (tracks, carried) and records (tracks, rows, width), in `out` if given."""

    def describe(self, arrays: Arrays) -> str:
        """What runs, in words: `run.engine` for users."""


class Backend(Protocol):
    """Makes engines of kernels. All backends give the same bits."""

    name: str

    def available(self) -> bool:
        """Whether it can be used on this machine."""

    def engine(self, kernel: Kernel, *, brief: bool, often: bool = False) -> Engine:
        """The engine of a kernel. brief: it will run a few rows only.  often: it will run again and again."""
