"""What a backend is: what runs a Kernel over rows. They are registered in `foglight.compiler.engine.engine`."""

from typing import Protocol

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.core.types import Array


class Engine(Protocol):
    """A kernel, ready to run."""

    @property
    def kernel(self) -> Kernel:
        """Its stages, and the layout of its records."""

    @property
    def same_bits(self) -> bool:
        """Whether it gives the bits of every other backend; the equations on floats do not."""

    @property
    def carried(self) -> int:
        """Numbers carried from run to run."""

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """carry_out (tracks, carried) and records (tracks, rows, width), in `out` if given."""

    def describe(self, arrays: Arrays) -> str:
        """What runs, in words."""


class Backend(Protocol):
    """From kernels to engines. All backends give the same bits."""

    name: str

    def available(self) -> bool:
        """Whether it can be used on this machine."""

    def engine(self, kernel: Kernel, *, brief: bool) -> Engine:
        """The engine of a kernel. brief: it will run a few rows only."""
