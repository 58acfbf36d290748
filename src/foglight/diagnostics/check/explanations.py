"""All explanations compared: perturbations of the model, and hypotheses about the readings.

A hypothesis is accepted if the log that it makes, with what a search of the model finds on it, is likelier than what
the search finds on the log as it is. A gain of the readings cannot be distinguished from a factor on all noises if the
start is unknown: noises that explain as much are preferred. Whatever explains about as much is named beside the winner.
"""

from dataclasses import replace

import numpy as np

from foglight.core.errors import FoglightError
from foglight.core.types import Floats
from foglight.data.replaced_readings import with_readings
from foglight.diagnostics.check.effort import Effort, Progress
from foglight.diagnostics.check.expected_time import said_of
from foglight.diagnostics.check.findings import Searched, Shares, search_findings
from foglight.diagnostics.check.health import Code, Finding
from foglight.diagnostics.check.hypotheses import ranking
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Hypothesis
from foglight.diagnostics.check.hypotheses.identifiability import keeps_time, sensors_apart
from foglight.diagnostics.check.hypotheses.judge import Judge
from foglight.diagnostics.check.hypotheses.ranking import ALIKE, Explained
from foglight.diagnostics.check.innovations import Innovations, innovations_of
from foglight.diagnostics.check.perturbations import FACTORS
from foglight.diagnostics.check.run_again import run_again, start_time_of
from foglight.diagnostics.check.scale import without_start
from foglight.diagnostics.check.search import TELLING, Result
from foglight.diagnostics.check.sentences import fit_alike, labels_of, left_by
from foglight.diagnostics.check.suspects import note_on_sensors, unsuspicious_sensors
from foglight.diagnostics.chi_square import critical
from foglight.inference.run import Run
from foglight.model.model import Model

_MOST = 2  # hypotheses that are accepted, one after another
_NUMBERS = 400  # numbers that the hypotheses of a log try, about: each is a test
_SUSPECT = (
    2.0  # factor on a mean square that is suspect even if a search finds nothing: it may have lost its way
)
_FAR_OFF = 9.0  # mean square of innovations with which a filter is lost,
_LEFT = 0.1  # unless no more than this share of it is left
_AGAINST_OTHERS = (Code.DELAY, Code.CLOCK, Code.DRIFT)  # what is seen only against another sensor


def explanations(
    run: Run, found: Innovations, shares: Shares, effort: Effort, progress: Progress | None
) -> tuple[list[Finding], Searched, Run]:
    """Search the model and the readings for what explains the innovations of a run.

    Returns the findings of hypotheses that were accepted, the run of the log as they make it, and what a search of the
    model finds on it: what remains unexplained is that run's.
    """
    searched, findings = search_findings(run, found, shares, effort, progress), list[Finding]()
    limit = critical(shares.perturbations / _NUMBERS)
    for _ in range(_MOST if run._engine.same_bits else 0):
        ranked = _ranked(run, found, searched, limit, effort, progress)
        if not ranked or ranked[0].gain < limit * limit:
            break
        best = ranked[0]
        after_run = _applied(run, best)
        if after_run is None:
            break
        after_found = innovations_of(after_run)
        if not np.isfinite(after_found.value[after_found.used]).all():
            break
        was, left = (_size_of(run.model, best.hypothesis.subject, one) for one in (found, after_found))
        if left > max(_FAR_OFF, _LEFT * was):  # to a filter that is lost, anything may be likelier
            break
        said_of(run.model, after_run.model)
        after = search_findings(after_run, after_found, shares, effort, progress)
        more = _net(after) + best.net - _net(searched)
        noises_fit = _only_noises(searched) and _gain(searched) > best.gain + _gain(after) - ALIKE
        modest = best.hypothesis.modest and bool(searched.findings)
        if more < (ALIKE if modest else 0.0) or noises_fit:
            if more > -ALIKE and searched.findings and (not noises_fit or best.hypothesis.beside_noises):
                first, name = searched.findings[0], best.hypothesis.name
                itself = (first.code, first.subject) == (best.hypothesis.code, best.hypothesis.subject)
                alike = [*[name] * (not itself), *(one for one in _rivals(ranked, None) if one != name)]
                if alike:
                    searched = replace(searched, findings=_beside(searched.findings, *alike))
            break
        rivals = _rivals(ranked, searched if more < ALIKE else None)
        finding = _finding(best, rivals, limit)
        if abs(np.log(left)) > np.log(_SUSPECT):
            finding = replace(finding, sentence=finding.sentence + left_by(left))
        findings.append(finding)
        run, found, searched = after_run, after_found, after
    if findings and searched.residual is None:
        searched = replace(searched, residual=found)
    if len(run.model.sensors) > effort.sensors and run._engine.same_bits:
        note = note_on_sensors(effort.sensors, len(run.model.sensors))
        searched = replace(searched, notes=[*searched.notes, note])
    return findings, searched, run


def _ranked(
    run: Run, found: Innovations, searched: Searched, limit: float, effort: Effort, progress: Progress | None
) -> list[Explained]:
    """The hypotheses that make the log of a run likelier, on the rows that the search has seen; no gain that factors on
    the noises explain as well. Of many sensors only some are accused: those whose innovations stand out.

    limit: the root of the least gain that is accepted. If one of the hypotheses that are tried always has it, all
    are tried."""
    model, result = run.model, searched.result
    log, rows = run.log, len(result.point.innovations.value)
    if searched.keep is not None:
        z = log.bind(model)
        log = with_readings(log, model, np.where(searched.keep.reshape(z.shape), z, np.nan))
    log = ranking.first_rows(log, rows)
    if model.rows and len(log) < len(run.log):
        return []
    method, start = run.method.with_guards(gate=None), start_time_of(run)
    judge = Judge(model, log, method, start, progress)
    if not judge.works:
        return []
    size = np.nansum(found.value**2, axis=0) / np.maximum(found.used.sum(axis=0), 1)
    found_any = bool(result.attributions) or result.colour is not None
    evidence = Evidence(
        model, log, log.bind(model), tuple(labels_of(model)), size, _gain_scores(result, len(size)),
        suspected=found_any or bool(((size > _SUSPECT) | (size < 1.0 / _SUSPECT)).any()),
    )  # fmt: skip
    few = log if model.rows else ranking.first_rows(log, ranking.rows_of_first_round(model))
    left_out = unsuspicious_sensors(found, model, effort.sensors)
    first = judge if few is log else judge.on(few)
    ranked = ranking.explanations(evidence, judge, first, left_out)
    if ranked and ranked[0].gain >= limit * limit and not evidence.suspected:
        ranked = ranking.explanations(replace(evidence, suspected=True), judge, first, left_out)
    apart = sensors_apart(model)
    ranked = [one for one in ranked if not _incomparable(one.hypothesis, model, apart)]
    return [one for one in ranked if one.hypothesis.code != Code.GAIN or _tells(one, judge, result.noises)]


def _incomparable(hypothesis: Hypothesis, model: Model, apart: frozenset[str]) -> bool:
    """Whether a hypothesis about a sensor's time or wandering bias says nothing, since what it reads may be so itself:
    its sensor, or every sensor of a log, shares no state with another."""
    every = hypothesis.sensor not in model.sensor_names and len(apart) == len(model.sensors) > 1
    return (
        hypothesis.code in _AGAINST_OTHERS and (hypothesis.sensor in apart or every) and not keeps_time(model)
    )


def _tells(gain: Explained, judge: Judge, of_noises: float) -> bool:
    """Whether a gain explains more than factors on noises, whose 2 Δloglik is that of a search, or, if only the start
    shows the gain, than the same readings with noises and a start as wide as they are."""
    noises = without_start(judge.model, gain.hypothesis)
    if noises is not None:
        of_noises = max(of_noises, 2.0 * (judge.of(noises) - judge.loglik))
    return gain.gain > of_noises + TELLING


def _size_of(model: Model, subject: str, found: Innovations) -> float:
    """The mean square of the innovations of a subject, or of all if it is no sensor; 1, as expected, if it has none."""
    own = [i for i, name in enumerate(model.components) if subject in (name, name.partition(".")[0])]
    components = own or list(range(len(model.components)))
    value = found.value[:, components][found.used[:, components]]
    return float(np.mean(value**2)) if len(value) else 1.0


def _gain_scores(result: Result, components: int) -> Floats:
    """The score of a gain of each component over its standard deviation, at the model as it is."""
    scores = np.zeros(components)
    for candidate, statistic in zip(result.candidates, result.statistics, strict=True):
        if candidate.kind == "gain":
            indices = list(candidate.indices)
            scores[indices] = np.maximum(scores[indices], abs(float(statistic)))
    return scores


def _applied(run: Run, best: Explained) -> Run | None:
    """The run of the model and the log that a hypothesis makes of those of a run."""
    try:
        model, log = best.hypothesis.change(run.model, run.log)
        return run_again(run, model=model, log=log)
    except FoglightError:
        return None


def _gain(searched: Searched) -> float:
    """The 2 Δloglik of all that a search found, or of another method."""
    of_method = [f.statistic for f in searched.findings if f.code == Code.CURVED]
    return max([searched.result.gain, *of_method])


def _net(searched: Searched) -> float:
    """The same less what the fitted numbers cost (Schwarz 1978)."""
    result = searched.result
    if any(f.code == Code.CURVED for f in searched.findings):
        return _gain(searched)
    numbers = len(result.attributions) + 2 * (result.colour is not None)
    return result.gain - numbers * float(np.log(max(len(result.point.value), 2)))


def _only_noises(searched: Searched) -> bool:
    """Whether a search found noises and nothing else."""
    result = searched.result
    if not result.attributions or result.colour is not None:
        return False
    return all(attribution.candidate.kind in FACTORS for attribution in result.attributions)


def _rivals(ranked: list[Explained], searched: Searched | None) -> list[str]:
    """Other explanations that fit about as well as the first of these."""
    best = ranked[0]
    names = [
        one.hypothesis.name for one in ranked[1:] if one.rank > best.rank - ALIKE and not _same(one, best)
    ]
    if searched is not None:
        itself = best.hypothesis.code, best.hypothesis.subject
        others = [one for one in searched.findings[:2] if (one.code, one.subject) != itself]
        names += [f"{finding.code} of {finding.subject}" for finding in others]
    return list(dict.fromkeys(names))


def _same(one: Explained, other: Explained) -> bool:
    return (one.hypothesis.code, one.hypothesis.subject) == (other.hypothesis.code, other.hypothesis.subject)


def _finding(best: Explained, rivals: list[str], limit: float) -> Finding:
    """The finding of a hypothesis, with its rivals."""
    hypothesis = best.hypothesis
    wrong, remedy = hypothesis.wrong, hypothesis.remedy
    error = f", give or take {best.error:.1g}" if np.isfinite(best.error) else ""
    sentence = f"{wrong} (2 Δloglik {best.gain:.0f}{error}); {remedy}."
    if wrong.endswith("?"):
        sentence = f"{wrong} {remedy.capitalize()}."
    finding = Finding(
        hypothesis.code, hypothesis.subject, best.gain, 0.0, limit * limit, hypothesis.value, best.error, sentence,
        hypothesis.suggestions, hypothesis.change,
    )  # fmt: skip
    return _beside([finding], *rivals)[0] if rivals else finding


def _beside(findings: list[Finding], *rivals: str) -> list[Finding]:
    """The findings, the first with what fits about as well."""
    first = findings[0]
    return [replace(first, sentence=f"{first.sentence} {fit_alike('this', rivals)}"), *findings[1:]]
