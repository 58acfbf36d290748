"""What is wrong with some readings of one sensor, and the log without it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.changes import of_readings
from foglight.diagnostics.check.health import Code, Finding

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Fault:
    """Readings of one sensor that are accused.

    rows: those of the log, all tracks one after another.  mask (N, M): the accused readings.
    offset (N, M): what is subtracted from the readings; None if they are left out instead.  statistic: the largest
    NIS, or 2 Δloglik of an offset.  limit: what it exceeds.  estimate: the number of readings, or the offset.
    mends: whether taking the fault away is advised, and not only its rows named.
    """

    code: Code
    subject: str
    rows: NDArray[np.int64]
    mask: Mask
    offset: Floats | None
    statistic: float
    limit: float
    estimate: float
    sentence: str
    mends: bool = True

    def without(self, z: Floats) -> Floats:
        """The readings z (N, M) without the fault: NaN in place of what is left out, or less the offset."""
        return np.where(self.mask, np.nan, z) if self.offset is None else z - self.offset

    def finding(self) -> Finding:
        """The fault as a finding of the check."""

        def changed(z: Floats) -> Floats:
            return self.without(z.reshape(-1, z.shape[-1])).reshape(z.shape)

        return Finding(
            self.code, self.subject, self.statistic, 0.0, self.limit, self.estimate, np.nan, self.sentence,
            change=of_readings(changed) if self.mends else None, rows=tuple(self.rows.tolist()),
        )  # fmt: skip
