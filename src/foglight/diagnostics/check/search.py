"""Which levers explain what the innovations show: one after another, each the one that explains most.

A candidate is a direction in the space of levers: the noise of one component or of a whole sensor, a bias, a gain …
At the point where the search stands each has a score test, given those that were taken already. The significant ones
are moved to where they are likeliest; the one whose 2 Δloglik is largest is taken, if that is significant, too;
then the rest are tested again. One fault gives one explanation: the true direction gains most on average, since
the expected log-likelihood is largest where the data come from (Kullback & Leibler 1951).
"""

from dataclasses import dataclass, field

import numpy as np

from foglight.core.types import Floats
from foglight.diagnostics.check.coloured_noise import Colours, colours_of
from foglight.diagnostics.check.perturbations import Perturbation
from foglight.diagnostics.check.score_test import Evaluated, ScoreTest, Slopes
from foglight.diagnostics.chi_square import critical

UNITS = (180.0 / np.pi, 1000.0, 100.0, 9.81, 3.6, 1.0 / 0.3048)  # degrees, mm, cm, g, km/h, feet
_ROUNDS = 4
_MOVED = 6  # candidates that are moved in one round
_WORTH = 0.15  # share of the largest squared score that a candidate must have to be moved
_ROUGHLY = 4  # steps that tell which of them gains most
_SEEN = 1e-9  # share of a candidate's information that must be its own
_CLEARLY = (
    10.0  # 2 Δloglik by which coloured noise, of any component and rate, must be ahead of the best lever
)
_EVEN = 2.0  # 2 Δloglik within which two explanations are as good
_ABOUT = 0.2  # logarithm of a mean square that is about right
_GROSS = 4.0  # times too large or small a mean square from which readings may be in other units
# Of explanations that are as good, the first: a sign has nothing to fit, a gain everything.
_RANK = {"sign": 0, "r": 1, "q": 1, "own": 2, "start": 3, "bias": 4, "drift": 5, "gain": 6}


@dataclass(frozen=True)
class Candidate:
    """kind: as a lever's, or "sign", "units" where a gain is looked for far from 1.  levers: those that move, alike."""

    kind: str
    perturbations: tuple[int, ...]
    places: tuple[int, ...]


@dataclass(frozen=True)
class Attribution:
    """A candidate that was taken: how far its levers were moved, how sure that is, and 2 Δloglik.

    value: of the lever at the end, all explanations together; error: its standard error.  alike: candidates that
    would have done as well.
    """

    candidate: Candidate
    value: float
    error: float
    gain: float
    statistic: float
    alike: tuple[Candidate, ...] = field(default=())


@dataclass(frozen=True)
class Result:
    """What was taken, where that leads, and the tests of every candidate at the model as it stands."""

    attributions: tuple[Attribution, ...]
    point: Evaluated
    candidates: tuple[Candidate, ...]
    statistics: Floats
    information: Floats
    critical: float
    colour: "Colour | None" = None


@dataclass(frozen=True)
class Colour:
    """Noise of one component that is alike from report to report: rho from one step to the next, its 2 Δloglik over
    what any lever could do, and the innovations with it."""

    place: int
    rho: float
    gain: float
    point: Evaluated


def candidates_of(perturbations: tuple[Perturbation, ...], sizes: tuple[int, ...]) -> tuple[Candidate, ...]:
    """A candidate a lever, and one for the noise of each sensor of several components as a whole."""
    found = [
        Candidate(perturbation.kind, (k,), (perturbation.place,))
        for k, perturbation in enumerate(perturbations)
    ]
    first = 0
    for m in sizes:
        whole = [
            (k, perturbation)
            for k, perturbation in enumerate(perturbations)
            if perturbation.kind == "r" and first <= perturbation.place < first + m
        ]
        if len(whole) > 1:
            found.append(
                Candidate(
                    "r", tuple(k for k, _ in whole), tuple(perturbation.place for _, perturbation in whole)
                )
            )
        first += m
    return tuple(found)


def search(score_test: ScoreTest, level: float, rounds: int = _ROUNDS) -> Result:
    """At most so many explanations, at this chance that one is found where there is nothing."""
    perturbations, sizes = score_test.perturbed.perturbations, score_test.neutral.innovations.sizes
    candidates = candidates_of(perturbations, sizes)
    directions = np.array([_direction(c, len(perturbations)) for c in candidates])
    bar = critical(level / len(candidates))
    point, taken = score_test.neutral, list[Candidate]()
    colours: Colours | None = None
    history: list[tuple[float, float, tuple[Candidate, ...]]] = []
    first_statistics, first_information = np.zeros(len(candidates)), np.zeros((len(candidates),) * 2)
    for turn in range(rounds):
        slopes = _slopes(score_test, point, directions)
        if slopes is None:
            break
        statistics = _tests(score_test, point, slopes, [candidates.index(_gain(c)) for c in taken])
        if not turn:
            first_statistics, first_information = statistics, slopes.information
        chosen = _most(score_test, point, candidates, statistics, bar, taken)
        if chosen is None:
            break
        best, statistic, fitted, alike = chosen
        if rounds > 1 and colours is None:
            colours = colours_of(score_test)
        colour = _colour(colours, point, fitted)
        if colour is not None:
            return Result(
                _told(score_test, point, taken, history), point, candidates, first_statistics, first_information, bar,
                colour,
            )  # fmt: skip
        history.append((2.0 * (fitted.loglik - point.loglik), statistic, alike))
        taken.append(best)
        point = fitted
    return Result(
        _told(score_test, point, taken, history), point, candidates, first_statistics, first_information, bar
    )


def _most(
    score_test: ScoreTest,
    point: Evaluated,
    candidates: tuple[Candidate, ...],
    statistics: Floats,
    bar: float,
    taken: list[Candidate],
) -> tuple[Candidate, float, Evaluated, tuple[Candidate, ...]] | None:
    """The candidate that explains most where the search stands, and those that explain as much."""
    order = np.argsort(-np.abs(statistics))
    least = max(bar, float(np.sqrt(_WORTH)) * abs(float(statistics[order[0]])))
    significant = [int(k) for k in order[:_MOVED] if abs(statistics[k]) >= least]
    if not significant:
        return None
    far = _far(score_test, point) if not taken else []
    for candidate, statistic, there in sorted(far, key=lambda one: -one[2].loglik)[:1]:
        if _fits(there) and not _fits(point) and there.loglik > _noisier(score_test, point, candidate).loglik:
            return candidate, statistic, there, ()
    n = len(score_test.perturbed.perturbations)
    base = [_direction(c, n) for c in taken]
    found = far
    for k in significant:
        moved = score_test.fit(point, np.array([*base, _direction(candidates[k], n)]), _ROUGHLY)
        off = np.abs(moved.theta[list(candidates[k].perturbations)]).max()
        if candidates[k].kind == "start" and off < bar:
            continue  # where a start may be; that it matters says more of the curve of the model than of the start
        found.append((candidates[k], float(statistics[k]), moved))
    if not found:
        return None
    gains = np.array([2.0 * (fitted.loglik - point.loglik) for _, _, fitted in found])
    best = gains.max()
    if best <= bar * bar:
        return None
    # The other sign has nothing to fit: it may explain less than what fits the start or a bias to the same readings.
    even = [
        k
        for k in range(len(found))
        if gains[k] >= best - (bar * bar if found[k][0].kind == "sign" else _EVEN)
    ]
    even.sort(key=lambda k: (_RANK.get(found[k][0].kind, 0), -len(found[k][0].perturbations), -gains[k]))
    candidate, statistic, fitted = found[even[0]]
    if candidate.kind not in ("sign", "units"):  # a sign and a unit are known as they are
        fitted = score_test.fit(fitted, np.array([*base, _direction(candidate, n)]))
    alike = tuple(found[k][0] for k in even[1:])
    return candidate, statistic, fitted, alike


def _colour(colours: Colours | None, point: Evaluated, fitted: Evaluated) -> Colour | None:
    """Coloured noise that explains more than the best lever does."""
    found = None if colours is None else colours.best(point)
    if found is None:
        return None
    place, rho, best = found
    gain = 2.0 * (best.loglik - fitted.loglik)
    return Colour(place, rho, gain, best) if gain > _CLEARLY else None


def _fits(point: Evaluated) -> bool:
    """Whether innovations are about as large as they should be."""
    size = float(np.mean(point.value**2)) / float(np.mean(np.asarray(point.innovations.expected.square)))
    return bool(abs(np.log(size)) < _ABOUT)


def _noisier(score_test: ScoreTest, point: Evaluated, candidate: Candidate) -> Evaluated:
    """Where no more than the noise of the candidate's components is moved: outliers are no other unit."""
    direction = np.array(
        [
            float(perturbation.kind == "r" and perturbation.place in candidate.places)
            for perturbation in score_test.perturbed.perturbations
        ]
    )
    return score_test.fit(point, direction[None], _ROUGHLY)


def _far(score_test: ScoreTest, point: Evaluated) -> list[tuple[Candidate, float, Evaluated]]:
    """Gains far from 1, where no small step leads: the other sign, and other units."""
    perturbations = score_test.perturbed.perturbations
    found = []
    gains = {
        perturbation.place: k for k, perturbation in enumerate(perturbations) if perturbation.kind == "gain"
    }
    noises = {
        perturbation.place: k for k, perturbation in enumerate(perturbations) if perturbation.kind == "r"
    }
    groups: list[tuple[int, ...]] = [(place,) for place in gains]
    for at in point.innovations.slices:
        whole = tuple(place for place in range(at.start, at.stop) if place in gains)
        if len(whole) > 1:
            groups.append(whole)
    size = {place: float(np.mean(point.value[score_test.components == place] ** 2)) for place in gains}
    for places in groups:
        tries = [-1.0]
        if any(not 1.0 / _GROSS < size[place] < _GROSS for place in places):
            tries += [factor for unit in UNITS for factor in (unit, 1.0 / unit, -unit, -1.0 / unit)]
        for gain in tries:
            theta = point.theta.copy()
            for place in places:
                theta[gains[place]] += (gain - 1.0) / perturbations[gains[place]].unit
                theta[noises[place]] += np.log(abs(gain))
            there = score_test.at(theta)
            if there is None or there.loglik <= point.loglik:
                continue
            kind = "sign" if gain == -1.0 else "units"
            found.append((Candidate(kind, tuple(gains[place] for place in places), places), np.inf, there))
    return found


def _slopes(score_test: ScoreTest, point: Evaluated, directions: Floats) -> Slopes | None:
    """Slopes along all directions from those of the levers alone."""
    single = score_test.slopes(point, np.eye(directions.shape[1]))
    return None if single is None else single.along(directions)


def _tests(score_test: ScoreTest, point: Evaluated, slopes: Slopes, given: list[int]) -> Floats:
    """The score over its standard deviation, given what was fitted; 0 where nothing of a candidate is its own."""
    information = slopes.information
    own, score = np.diag(information).copy(), slopes.score.copy()
    if given:
        block = information[np.ix_(given, given)]
        share = np.linalg.lstsq(block, information[given], rcond=1e-12)[0]
        own = own - np.sum(information[given] * share, axis=0)
        score = score - share.T @ slopes.score[given]
        own[given] = 0.0
    own = own + (_tails(score_test, point) - 1.0) * np.diag(slopes.of_squares)
    seen = own > _SEEN * np.diag(information)
    return np.where(seen, score / np.sqrt(np.where(seen, own, 1.0)), 0.0)


def _tails(score_test: ScoreTest, point: Evaluated) -> float:
    """How much more squares vary than those of normal numbers, at least 1: heavy tails must not look like a scale."""
    square = point.value**2
    mean = float(square.mean())
    usual = float(np.mean(np.asarray(point.innovations.expected.spread)))
    return max(1.0, float(square.var()) / (mean * mean) / usual) if mean > 0.0 else 1.0


def _told(
    score_test: ScoreTest,
    point: Evaluated,
    taken: list[Candidate],
    history: list[tuple[float, float, tuple[Candidate, ...]]],
) -> tuple[Attribution, ...]:
    if not taken:
        return ()
    directions = np.array([_direction(c, len(score_test.perturbed.perturbations)) for c in taken])
    slopes = score_test.slopes(point, directions)
    covariance = np.full((len(taken),) * 2, np.nan)
    if slopes is not None:
        covariance = np.linalg.pinv(slopes.information, hermitian=True)
    return tuple(
        Attribution(
            candidate, float(point.theta[candidate.perturbations[0]]), float(np.sqrt(max(covariance[k, k], 0.0))), gain,
            statistic, alike,
        )
        for k, (candidate, (gain, statistic, alike)) in enumerate(zip(taken, history, strict=True))
    )  # fmt: skip


def _gain(candidate: Candidate) -> Candidate:
    """The ordinary candidate whose lever a far one has moved."""
    if candidate.kind not in ("sign", "units"):
        return candidate
    return Candidate("gain", candidate.perturbations[:1], candidate.places[:1])


def _direction(candidate: Candidate, size: int) -> Floats:
    direction = np.zeros(size)
    direction[list(candidate.perturbations)] = 1.0
    return direction
