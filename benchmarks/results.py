"""What a row of the benchmark leaves behind: tables of who took how long, and notes."""

from dataclasses import dataclass, field

from timing import Timing

SCALE = {
    "µs per step": 1e6,
    "ns per series-step": 1e9,
    "ms per iteration": 1e3,
    "ms": 1e3,
    "s": 1.0,
}  # what turns seconds into a unit


@dataclass(frozen=True)
class Line:
    """One contender: its time, over how many steps, and how far its answer was from the reference."""

    who: str
    time: Timing
    steps: int
    agreement: str = ""


@dataclass(frozen=True)
class Table:
    """`unit` is the unit of the figures shown, one of SCALE."""

    key: str
    title: str
    unit: str
    lines: list[Line]
    notes: list[str] = field(default_factory=list)

    @property
    def scale(self) -> float:
        return SCALE[self.unit]

    def best(self, who: str) -> float | None:
        """Seconds of the contender whose name starts with `who`, if it took part."""
        return next((line.time.best for line in self.lines if line.who.startswith(who)), None)

    def ratio(self, who: str, to: str) -> float | None:
        a, b = self.best(who), self.best(to)
        return None if a is None or b is None else a / b
