"""The search for perturbations that explain the innovations: one after another, each time the one that explains most.

A candidate is a direction in the space of perturbations: the noise of one component or of a whole sensor, a bias, a
gain … Each candidate has a score test at the current point, given those that were accepted before. The significant ones
are fitted by maximum likelihood. The one with the largest 2 Δloglik is accepted if that is significant, too, and the
rest are tested again. One fault gives one explanation: the true direction gains most on average, since the expected
log-likelihood is largest at the distribution of the data (Kullback & Leibler 1951).
"""

from dataclasses import dataclass, field

import numpy as np

from foglight.core.types import Floats
from foglight.diagnostics.check.coloured_noise import Colours, colours_of
from foglight.diagnostics.check.conversions import COMMON, GROSS
from foglight.diagnostics.check.perturbations import FACTORS, OFFSETS, Perturbation
from foglight.diagnostics.check.score_test import Evaluated, ScoreTest, Slopes
from foglight.diagnostics.chi_square import critical

_FITTED = 6  # candidates that are fitted in one round, at most
_FITTED_IF_DEAR = 2  # the same if each scan is dear
_WORTH = 0.15  # share of the largest squared score that a candidate must have to be fitted
_ROUGH_STEPS = 4  # scoring steps that suffice to compare their gains
_OWN_SHARE = 1e-9  # share of a candidate's information that must be independent of those accepted
_CLEARLY = 10.0  # 2 Δloglik by which coloured noise must be better than the best perturbation
_EVEN = 2.0  # 2 Δloglik within which two explanations are equally good
_CLEARLY_A_GAIN = 6.0  # the same where the better one is a gain
TELLING = 10.0  # 2 Δloglik by which a gain must be better than factors on all noises
_ABOUT = 0.2  # absolute logarithm below which a mean square is about right
# Of equally good explanations the lowest rank is chosen: a sign has nothing to fit, a gain fits almost anything.
_RANK = {"sign": 0, "r": 1, "q": 1, "own": 2, "start": 3, "bias": 4, "drift": 5, "gain": 6}


@dataclass(frozen=True)
class Candidate:
    """kind: that of its perturbations, or "sign", "units" for a gain far from 1.  perturbations: which ones change, by
    the same amount.  indices: of the components or the state that they perturb."""

    kind: str
    perturbations: tuple[int, ...]
    indices: tuple[int, ...]


@dataclass(frozen=True)
class Attribution:
    """A candidate that was accepted.

    value: of its perturbation at the end, fitted together with all others.  error: its standard error.  gain: 2 Δloglik
    when it was accepted.  statistic: its score test.  alike: candidates that explain the log equally well.
    """

    candidate: Candidate
    value: float
    error: float
    gain: float
    statistic: float
    alike: tuple[Candidate, ...] = field(default=())


@dataclass(frozen=True)
class Result:
    """The accepted candidates, the point that they lead to, and the tests of all candidates at the neutral model.

    noises: the 2 Δloglik of factors on Q and on the noise of each sensor and nothing else, 0 if nothing is wrong.
    """

    attributions: tuple[Attribution, ...]
    point: Evaluated
    candidates: tuple[Candidate, ...]
    statistics: Floats
    information: Floats
    critical: float
    colour: "Colour | None" = None
    noises: float = 0.0

    @property
    def gain(self) -> float:
        """The 2 Δloglik of all that was found."""
        accepted = sum(attribution.gain for attribution in self.attributions)
        coloured = 0.0 if self.colour is None else 2.0 * (self.colour.point.loglik - self.point.loglik)
        return accepted + coloured


@dataclass(frozen=True)
class Colour:
    """Coloured noise of one component: its correlation rho from one step to the next, its 2 Δloglik over the best
    perturbation, and the innovations with it."""

    component: int
    rho: float
    gain: float
    point: Evaluated


def candidates_of(
    perturbations: tuple[Perturbation, ...], sizes: tuple[int, ...], alone: frozenset[int] = frozenset()
) -> tuple[Candidate, ...]:
    """One candidate per perturbation, and one for the whole noise of each sensor with several components.

    alone: components whose gain would be no other than larger noises: they have none."""
    found = [
        Candidate(p.kind, (k,), (p.index,))
        for k, p in enumerate(perturbations)
        if p.kind != "gain" or p.index not in alone
    ]
    first = 0
    for m in sizes:
        whole = [
            (k, p) for k, p in enumerate(perturbations) if p.kind == "r" and first <= p.index < first + m
        ]
        if len(whole) > 1:
            found.append(Candidate("r", tuple(k for k, _ in whole), tuple(p.index for _, p in whole)))
        first += m
    return tuple(found)


def search(
    score_test: ScoreTest,
    level: float,
    rounds: int,
    alone: frozenset[int] = frozenset(),
    suspects: frozenset[int] | None = None,
    gains: bool = True,
) -> Result:
    """Search for at most `rounds` explanations; level: the probability to find one in a healthy log. alone: the
    components without a gain (see `candidates_of`). suspects: the only components that are tested, None for all; each
    scan is dear then. gains: whether gains will be compared with noises alone."""
    perturbations, sizes = score_test.perturbed.perturbations, score_test.neutral.innovations.sizes
    candidates = candidates_of(perturbations, sizes, alone)
    threshold = critical(level / len(candidates))
    if suspects is not None:
        candidates = tuple(c for c in candidates if c.kind in ("q", "own") or suspects & set(c.indices))
    directions = np.array([_direction(c, len(perturbations)) for c in candidates])
    point, accepted = score_test.neutral, list[Candidate]()
    colours: Colours | None = None
    noisy: Evaluated | None = None
    history: list[tuple[float, float, tuple[Candidate, ...]]] = []
    first_statistics, first_information = np.zeros(len(candidates)), np.zeros((len(candidates),) * 2)
    for turn in range(rounds):
        slopes = _slopes(score_test, point, directions)
        if slopes is None:
            break
        given = [candidates.index(_ordinary(c)) for c in accepted]
        statistics = _score_statistics(point, slopes, given)
        if not turn:
            first_statistics, first_information = statistics, slopes.information
            score_test.expect(min(directions.shape), rounds, bool(max(abs(statistics)) > threshold), gains)
        if gains and noisy is None and np.abs(statistics).max() > threshold:
            noisy = _noises_alone(score_test, candidates)
        chosen = _best_candidate(
            score_test, point, candidates, statistics, threshold, accepted, noisy, alone,
            _FITTED if suspects is None else _FITTED_IF_DEAR,
        )  # fmt: skip
        if chosen is None:
            break
        best, statistic, fitted, alike = chosen
        if rounds > 1 and colours is None:
            colours = colours_of(score_test)
        colour = _colour(colours, point, fitted)
        if colour is not None:
            return Result(
                _attributions(score_test, point, accepted, history), point, candidates, first_statistics,
                first_information, threshold, colour, _gained(score_test, noisy),
            )  # fmt: skip
        history.append((2.0 * (fitted.loglik - point.loglik), statistic, alike))
        accepted.append(best)
        point = fitted
    return Result(
        _attributions(score_test, point, accepted, history), point, candidates, first_statistics, first_information,
        threshold, noises=_gained(score_test, noisy),
    )  # fmt: skip


def _best_candidate(
    score_test: ScoreTest,
    point: Evaluated,
    candidates: tuple[Candidate, ...],
    statistics: Floats,
    threshold: float,
    accepted: list[Candidate],
    noisy: Evaluated | None,
    alone: frozenset[int],
    most: int,
) -> tuple[Candidate, float, Evaluated, tuple[Candidate, ...]] | None:
    """The candidate that explains most at this point, and those that explain as much; None if none is significant.
    most: candidates that are fitted, at most."""
    order = np.argsort(-np.abs(statistics))
    least = max(threshold, float(np.sqrt(_WORTH)) * abs(float(statistics[order[0]])))
    significant = [int(k) for k in order[:most] if abs(statistics[k]) >= least]
    if significant and all(candidates[k].kind == "gain" for k in significant):  # none of them may be telling
        significant += [
            int(k) for k in order if abs(statistics[k]) >= threshold and candidates[k].kind in FACTORS
        ][:2]
    if not significant:
        return None
    far = (
        [one for one in _far_gains(score_test, point, alone) if _telling(one[0], one[2], noisy)]
        if not accepted
        else []
    )
    for candidate, statistic, fitted in sorted(far, key=lambda one: -one[2].loglik)[:1]:
        if (
            _fits(fitted)
            and not _fits(point)
            and fitted.loglik > _noisier(score_test, point, candidate).loglik
        ):
            return candidate, statistic, fitted, ()
    n = len(score_test.perturbed.perturbations)
    base = [_direction(c, n) for c in accepted]
    found = far
    for k in significant:
        fitted = score_test.fit(point, np.array([*base, _direction(candidates[k], n)]), _ROUGH_STEPS)
        if accepted and all(c.kind in FACTORS for c in (*accepted, candidates[k])):
            # The first of two noises may have fallen to 0, from where no step leads back.
            afresh = score_test.fit(score_test.neutral, np.array([*base, _direction(candidates[k], n)]))
            fitted = max(fitted, afresh, key=lambda one: one.loglik)
        off = np.abs(fitted.theta[list(candidates[k].perturbations)]).max()
        if candidates[k].kind == "start" and off < threshold:
            continue  # a plausible start: that it matters is due to the curvature of the model, not to the start
        if not _telling(candidates[k], fitted, noisy):
            continue
        if candidates[k].kind in OFFSETS:
            gain = 2.0 * (fitted.loglik - point.loglik)
            if gain <= threshold * threshold * _excess(score_test, fitted, _direction(candidates[k], n)):
                continue
        found.append((candidates[k], float(statistics[k]), fitted))
    if not found:
        return None
    gains = np.array([2.0 * (fitted.loglik - point.loglik) for _, _, fitted in found])
    best = gains.max()
    if best <= threshold * threshold:
        return None
    # The other sign has nothing to fit: it may explain less than a start or a bias fitted to the same readings. A gain
    # of readings far from 0 is almost a bias: it must explain more.
    margin = _CLEARLY_A_GAIN if found[int(gains.argmax())][0].kind == "gain" else _EVEN
    even = [
        k
        for k in range(len(found))
        if gains[k] >= best - (threshold * threshold if found[k][0].kind == "sign" else margin)
    ]
    even.sort(key=lambda k: (_RANK.get(found[k][0].kind, 0), -len(found[k][0].perturbations), -gains[k]))
    candidate, statistic, fitted = found[even[0]]
    if candidate.kind not in ("sign", "units"):  # these are exact: nothing to fit
        fitted = score_test.fit(fitted, np.array([*base, _direction(candidate, n)]))
    alike = tuple(found[k][0] for k in even[1:])
    return candidate, statistic, fitted, alike


def _noises_alone(score_test: ScoreTest, candidates: tuple[Candidate, ...]) -> Evaluated:
    """The most likely factors on Q and on the noise of each sensor, and nothing else."""
    sizes, n = score_test.neutral.innovations.slices, len(score_test.perturbed.perturbations)
    directions = [_direction(c, n) for c in candidates if c.kind == "q"]
    for at in sizes:
        own = [c for c in candidates if c.kind == "r" and at.start <= c.indices[0] < at.stop]
        if own:
            directions.append(np.maximum.reduce([_direction(c, n) for c in own]))
    return score_test.fit(score_test.neutral, np.array(directions))


def _gained(score_test: ScoreTest, noisy: Evaluated | None) -> float:
    return 0.0 if noisy is None else 2.0 * (noisy.loglik - score_test.neutral.loglik)


def _telling(candidate: Candidate, fitted: Evaluated, noisy: Evaluated | None) -> bool:
    """Whether a candidate can be distinguished from factors on all noises: not a gain that fits no better."""
    if noisy is None or candidate.kind not in ("gain", "units"):
        return True
    return 2.0 * (fitted.loglik - noisy.loglik) > TELLING


def _colour(colours: Colours | None, point: Evaluated, fitted: Evaluated) -> Colour | None:
    """Coloured noise, if it explains clearly more than the best perturbation (fitted)."""
    found = None if colours is None else colours.best(point)
    if found is None:
        return None
    component, rho, best = found
    gain = 2.0 * (best.loglik - fitted.loglik)
    return Colour(component, rho, gain, best) if gain > _CLEARLY else None


def _fits(point: Evaluated) -> bool:
    """Whether the mean square of the innovations is about right."""
    size = float(np.mean(point.value**2)) / float(np.mean(np.asarray(point.innovations.expected.square)))
    return bool(abs(np.log(size)) < _ABOUT)


def _noisier(score_test: ScoreTest, point: Evaluated, candidate: Candidate) -> Evaluated:
    """The point with only a larger noise of the candidate's components: outliers are not a change of units."""
    direction = np.array([
        float(p.kind == "r" and p.index in candidate.indices) for p in score_test.perturbed.perturbations
    ])  # fmt: skip
    return score_test.fit(point, direction[None], _ROUGH_STEPS)


def _far_gains(
    score_test: ScoreTest, point: Evaluated, alone: frozenset[int]
) -> list[tuple[Candidate, float, Evaluated]]:
    """Gains far from 1, which scoring steps do not reach: the other sign, and other units."""
    perturbations = score_test.perturbed.perturbations
    found = []
    gains = {p.index: k for k, p in enumerate(perturbations) if p.kind == "gain" and p.index not in alone}
    noises = {p.index: k for k, p in enumerate(perturbations) if p.kind == "r"}
    groups: list[tuple[int, ...]] = [(component,) for component in gains]
    for at in point.innovations.slices:
        whole = tuple(component for component in range(at.start, at.stop) if component in gains)
        if len(whole) > 1:
            groups.append(whole)
    size = {i: float(np.mean(point.value[score_test.components == i] ** 2)) for i in gains}
    for components in groups:
        tried = [-1.0]
        if any(not 1.0 / GROSS < size[i] < GROSS for i in components):
            tried += [factor for unit, _ in COMMON for factor in (unit, 1.0 / unit, -unit, -1.0 / unit)]
        for gain in tried:
            theta = point.theta.copy()
            for i in components:
                theta[gains[i]] += (gain - 1.0) / perturbations[gains[i]].unit
                theta[noises[i]] += np.log(abs(gain))
            moved = score_test.at(theta)
            if moved is None or moved.loglik <= point.loglik:
                continue
            kind = "sign" if gain == -1.0 else "units"
            found.append((Candidate(kind, tuple(gains[i] for i in components), components), np.inf, moved))
    return found


def _slopes(score_test: ScoreTest, point: Evaluated, directions: Floats) -> Slopes | None:
    """Slopes along all directions, from those along the single perturbations if these are fewer."""
    if len(directions) < directions.shape[1]:
        return score_test.slopes(point, directions, robust=True)
    single = score_test.slopes(point, np.eye(directions.shape[1]))
    return None if single is None else single.along(directions)


def _excess(score_test: ScoreTest, fitted: Evaluated, direction: Floats) -> float:
    """How many times larger the variance of a fitted offset is than its information says."""
    slopes = score_test.slopes(fitted, direction[None], robust=True)
    return np.inf if slopes is None else float(slopes.excess[0])


def _score_statistics(point: Evaluated, slopes: Slopes, given: list[int]) -> Floats:
    """Each score over its standard deviation, given the candidates already fitted; 0 if it depends on these alone."""
    information = slopes.information
    own, score = np.diag(information).copy(), slopes.score.copy()
    if given:
        block = information[np.ix_(given, given)]
        share = np.linalg.lstsq(block, information[given], rcond=1e-12)[0]
        own = own - np.sum(information[given] * share, axis=0)
        score = score - share.T @ slopes.score[given]
        own[given] = 0.0
    own = own + (_excess_variance(point) - 1.0) * np.diag(slopes.of_squares)
    testable = own > _OWN_SHARE * np.diag(information)
    return np.where(testable, score / np.sqrt(np.where(testable, own, 1.0)), 0.0)


def _excess_variance(point: Evaluated) -> float:
    """The variance of the squares over that of squares of normal numbers, at least 1: heavy tails are not a scale."""
    usual = float(np.mean(np.asarray(point.innovations.expected.spread)))
    square = point.value**2
    mean, variance = float(square.mean()), float(square.var())
    return max(1.0, variance / (mean * mean) / usual) if mean > 0.0 and np.isfinite(variance) else 1.0


def _attributions(
    score_test: ScoreTest,
    point: Evaluated,
    accepted: list[Candidate],
    history: list[tuple[float, float, tuple[Candidate, ...]]],
) -> tuple[Attribution, ...]:
    """The accepted candidates with their values and standard errors at the end of the search."""
    if not accepted:
        return ()
    directions = np.array([_direction(c, len(score_test.perturbed.perturbations)) for c in accepted])
    # One component of a sensor, found beside all of it, has the factor that is left.
    values = np.linalg.lstsq(directions.T, point.theta, rcond=None)[0]
    slopes = score_test.slopes(point, directions, robust=True)
    covariance = np.full((len(accepted),) * 2, np.nan)
    if slopes is not None:
        excess = np.sqrt(slopes.excess)
        covariance = np.linalg.pinv(slopes.information, hermitian=True) * np.outer(excess, excess)
    return tuple(
        Attribution(
            candidate, float(values[k]), float(np.sqrt(max(covariance[k, k], 0.0))), gain,
            statistic, alike,
        )
        for k, (candidate, (gain, statistic, alike)) in enumerate(zip(accepted, history, strict=True))
    )  # fmt: skip


def _ordinary(candidate: Candidate) -> Candidate:
    """The candidate itself, or the gain behind a change of sign or units."""
    if candidate.kind not in ("sign", "units"):
        return candidate
    return Candidate("gain", candidate.perturbations[:1], candidate.indices[:1])


def _direction(candidate: Candidate, size: int) -> Floats:
    direction = np.zeros(size)
    direction[list(candidate.perturbations)] = 1.0
    return direction
