"""How much a check may compute: `effort=`, and the number of rows that it has filtered so far.

A perturbed model has about three perturbations for each component of the readings, and each is run twice. So the
work grows with rows x components x perturbations, and that product is limited: a log of 50,000 rows is searched as a
whole if a row has up to 6 components, and its first 2,600 rows if a row has 34. Factors are known to 1.4 % then. With
many states a row takes longer than its components say, in proportion to n² (n + components): with 34 states and 34
components the first 190 rows are searched.
"""

from collections.abc import Callable
from dataclasses import dataclass

from foglight.core.errors import ModelError

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Effort:
    """Limits of the search for what explains the innovations.

    rows: that are searched, at most.  numbers: rows x components x perturbations, at most.  slow_rows, slow_numbers:
    the same, if the functions are not compiled.  rounds: explanations that are looked for, one after another.
    coloured: components whose noise may be coloured, at most; the most correlated ones are tried.  suspects: components
    that are tested one by one if the functions are not compiled, at most.  sensors: whose readings may mean something
    else, at most; those whose innovations stand out.
    """

    rows: int
    numbers: float
    slow_rows: int
    slow_numbers: float
    rounds: int
    coloured: int
    suspects: int
    sensors: int

    def rows_for(self, components: int, perturbations: int, states: int = 1, *, fast: bool) -> int:
        """The number of rows to search. fast: whether the functions are compiled."""
        rows, numbers = (self.rows, self.numbers) if fast else (self.slow_rows, self.slow_numbers)
        work = max(components, states**2 * (states + components) / _STATES**2, 1)
        return min(rows, max(FEWEST, int(numbers / (work * max(perturbations, 1)))))


FEWEST = 25  # rows
_STATES = 16  # from about so many states on, they decide how long a row takes
NORMAL = Effort(
    rows=50_000, numbers=1e7, slow_rows=300, slow_numbers=6e4, rounds=4, coloured=8, suspects=6, sensors=8
)
EFFORTS = {
    "normal": NORMAL,
    "quick": Effort(
        rows=2_000, numbers=3e6, slow_rows=100, slow_numbers=2e4, rounds=1, coloured=0, suspects=2, sensors=3
    ),
    "full": Effort(
        rows=200_000,
        numbers=1e8,
        slow_rows=3_000,
        slow_numbers=1e7,
        rounds=4,
        coloured=1_000,
        suspects=1_000,
        sensors=1_000,
    ),
}


def effort_of(name: object) -> Effort:
    """The effort of this name; ModelError for any other."""
    if not isinstance(name, str) or name not in EFFORTS:
        raise ModelError.expected(
            "effort", name, "one of 'normal', 'quick', 'full'", "Leave it out for 'normal'."
        )
    return EFFORTS[name]


class RowCount:
    """Counts the rows that are filtered, and reports their number after each scan."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.rows = 0

    def __call__(self, rows: int) -> None:
        self.rows += rows
        if self._progress is not None:
            self._progress(self.rows)

    def onward(self) -> Progress | None:
        """The progress of a further check, whose rows come on top of those so far."""
        if self._progress is None:
            return None
        before = self.rows

        def report(rows: int) -> None:
            self.rows = before
            self(rows)

        return report
