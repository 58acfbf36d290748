"""One race: load the peers, check their answers, then let them take turns at the clock."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from answers import Answer, assert_agree
from contender import Contender
from results import Line, Table
from timing import interleave, say

# Means and covariances within this many filtered standard deviations, log-likelihoods relative.
EXACT = (1e-8, 1e-9)
TOLERANCES = {
    "dynamax": (1e-4, 1e-6),  # its solver adds 1e-9 to the diagonal of S
    "statsmodels": (1e-6, 1e-9),  # it stops updating the covariance once it has settled
    "stonesoup": (1e-4, 1e-6),  # its covariance slowly loses its symmetry
}


@dataclass(frozen=True)
class Effort:
    """How much work: `rounds` at the clock, and a divisor for the number of rows."""

    rounds: int
    less: int = 1

    def rows(self, wanted: int) -> int:
        return max(wanted // self.less, 200)


@dataclass(frozen=True)
class Entrant:
    """A peer's function and the problem that it is timed on; `tolerance` where TOLERANCES does not say it.

    reference: the textbook that it is compared with, if not that of the race.
    """

    peer: str
    kind: str
    problem: Any
    options: dict[str, Any] = field(default_factory=dict)
    tolerance: tuple[float, float] | None = None
    reference: Callable[[Any], Answer] | None = None

    def contender(self, problem: Any) -> Contender:
        module = importlib.import_module(f"peers.{self.peer}")
        built: Contender = getattr(module, self.kind)(problem, **self.options)
        return built

    def check(self, contender: Contender, reference: Answer, angles: tuple[int, ...] = ()) -> str:
        """Call once and assert the answer."""
        mean_tol, loglik_tol = self.tolerance or TOLERANCES.get(self.peer, EXACT)
        contender.prepare()
        return assert_agree(
            contender.name, contender.read(contender.call()), reference,
            mean_tol=mean_tol, loglik_tol=loglik_tol, angles=angles,
        )  # fmt: skip


@dataclass
class References:
    """The textbook's answer to each timed problem, computed once."""

    usual: Callable[[Any], Answer]
    known: list[tuple[Any, Any, Answer]] = field(default_factory=list)

    def __call__(self, entrant: Entrant) -> Answer:
        wanted = entrant.reference or self.usual
        for problem, textbook, answer in self.known:
            if problem is entrant.problem and textbook is wanted:
                return answer
        self.known.append((entrant.problem, wanted, wanted(entrant.problem)))
        return self.known[-1][2]


def race(
    key: str,
    title: str,
    unit: str,
    entrants: Sequence[Entrant],
    rounds: int,
    *,
    reference: Callable[[Any], Answer],
    checks: Sequence[tuple[Any, Answer]] = (),
    angles: tuple[int, ...] = (),
    notes: Sequence[str] = (),
) -> Table:
    """Check every entrant on the problems of `checks` and on its timed problem, then time all, round after round."""
    say(title)
    references, contenders, agreements = References(reference), [], []
    for entrant in entrants:
        contender = entrant.contender(entrant.problem)
        say(f"  checking {contender.name}")
        for problem, answer in checks:
            entrant.check(entrant.contender(problem), answer)
        agreements.append(entrant.check(contender, references(entrant), angles))
        contenders.append(contender)
    times = interleave(contenders, rounds)
    lines = [
        Line(contender.name, timing, contender.steps, agreement)
        for contender, timing, agreement in zip(contenders, times, agreements, strict=True)
    ]
    return Table(key, title, unit, lines, list(notes))
