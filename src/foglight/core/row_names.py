"""The names of a log's rows in error messages: number, time and track."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from foglight.core.dates import NUMBER
from foglight.core.timestamps import Kind, time_text

Label = int | str  # of a track, as in the file or dataframe


@dataclass(frozen=True)
class Rows:
    """Rows of a log, starting at row `before`.

    time_ns (T,) and track (T,) if they are known; names: the labels of the tracks, indexed by `track`. kind: of the
    stamps, which are shown as dates if they came as dates.
    """

    time_ns: NDArray[np.int64] | None = None
    track: NDArray[np.int64] | None = None
    names: tuple[Label, ...] = ()
    before: int = 0
    kind: Kind = NUMBER

    def since(self, first: int) -> "Rows":
        """These rows from number `first` on."""
        time_ns, track = (None if a is None else a[first:] for a in (self.time_ns, self.track))
        return replace(self, time_ns=time_ns, track=track, before=self.before + first)

    def number(self, k: int) -> int:
        """The row's number in the whole log."""
        return self.before + k

    def where(self, k: int, track: str = "") -> str:
        """Row k as text: `row 12 (t = 1.2 s, track a)`. track: its label if these rows have none."""
        parts = []
        if self.time_ns is not None:
            parts = [f"t = {time_text(int(self.time_ns[k]), self.kind)}"]
        if self.track is not None:
            track = str(self.names[int(self.track[k])])
        parts += [f"track {track}"] * bool(track)
        return f"row {self.number(k)}" + f" ({', '.join(parts)})" * bool(parts)


NUMBERS_ONLY = Rows()  # rows known by their numbers alone
