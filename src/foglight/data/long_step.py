"""One step that is longer than all others together: a stamp that was never set, or a clock that jumped."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from foglight.core.resolution import NS

_MANY = 10_000  # usual steps that a step must take before it counts as a jump of a short log
_DAY = 86_400.0


class StepSizes(NamedTuple):
    """The steps of a log, or of its parts so far, in which time passes.

    steps: how many. total, longest: nanoseconds. row: the row after the longest.
    """

    steps: int = 0
    total: int = 0
    longest: int = 0
    row: int = 0

    def and_then(self, dt: NDArray[np.float64], first: int = 0) -> Self:
        """These and the steps dt to further rows, in seconds. first: the number of the first of these rows."""
        if not len(dt):
            return self
        whole = np.rint(dt * NS).astype(np.int64)
        k = int(np.argmax(whole))
        longest, row = max((self.longest, self.row), (int(whole[k]), first + k), key=lambda pair: pair[0])
        seconds, parts = np.divmod(whole, NS)  # the sum of all steps may take more than 64 bits
        total = self.total + int(seconds.sum()) * NS + int(parts.sum())
        return self._replace(
            steps=self.steps + int(np.count_nonzero(whole)), total=total, longest=longest, row=row
        )

    @property
    def others(self) -> float:
        """Seconds that all steps but the longest take together."""
        return (self.total - self.longest) / NS

    def jump(self) -> str | None:
        """What the longest step is, if it takes more time than all the others together; else None."""
        count, longest = self.steps - 1, self.longest / NS
        if count < 1 or longest <= self.others * max(1.0, _MANY / count):
            return None
        days = longest / _DAY
        long = f"{days:,.0f} days" if days >= 2.0 else f"{longest:.6g} s"
        return f"{long} pass before row {self.row}"

    def note(self) -> str | None:
        """The same with what it may mean, without a full stop."""
        jump = self.jump()
        if jump is None:
            return None
        return (
            f"{jump}, and all other steps together take {self.others:.6g} s: is a stamp wrong? Drop such rows, or "
            "refuse them with max_gap"
        )
