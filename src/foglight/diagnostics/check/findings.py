"""From statistics to findings: which perturbations explain the innovations, and what remains unexplained."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from foglight.core.timestamps import time_text
from foglight.data.readers.position import kind_of
from foglight.diagnostics.check import sentences, statistics
from foglight.diagnostics.check.absent_noise import absent_of, attributed
from foglight.diagnostics.check.changes import change_of, colour_of
from foglight.diagnostics.check.correlations import autocorrelations, cross_correlations, portmanteau
from foglight.diagnostics.check.effort import Effort, Progress
from foglight.diagnostics.check.gated_readings import judged
from foglight.diagnostics.check.grouping import by_cause, sentences_of
from foglight.diagnostics.check.health import Code, Finding
from foglight.diagnostics.check.innovations import Innovations, innovations_of
from foglight.diagnostics.check.other_method import of_this_method_only, other_method
from foglight.diagnostics.check.perturbations import (
    FACTORS,
    OFFSETS,
    extension_is_compiled,
    perturbed_model_of,
    sizes_of,
)
from foglight.diagnostics.check.scale import components_alone
from foglight.diagnostics.check.score_test import ScoreTest
from foglight.diagnostics.check.search import Attribution, Candidate, Colour, Result, search
from foglight.diagnostics.check.statistics import Mean
from foglight.diagnostics.check.suspects import note_on_components, rows_of_suspects, suspects
from foglight.diagnostics.chi_square import critical
from foglight.inference.run import Run

_SLOW_KINDS = ("q", "r", "bias")  # the only perturbations that are fitted if the functions are not compiled
SMALL = 0.05  # relative change, or mean over std, below which a finding is a note
ALIKE = 0.1  # correlation below which a finding is a note
_DOMINANT = 0.2  # correlation beyond which factors on noises mean little
_VISIBLE = 2.0  # standard deviations of a correlation
_SMALL_IF_SELECTED = 0.25  # SMALL for process noise, if a gate has selected among good readings
_WHITE_LEVEL = 0.01  # level at which innovations less their changing mean are tested for whiteness


@dataclass(frozen=True)
class Shares:
    """The share of the level that each kind of test gets, so that all together keep it."""

    level: float
    perturbations: float
    white: float
    cross: float
    cusum: float
    truth: float

    @classmethod
    def of(cls, level: float, truth: bool) -> "Shares":
        rest = 0.8 * level if truth else level
        return cls(level, 0.4 * rest, 0.3 * rest, 0.15 * rest, 0.15 * rest, level - rest)


@dataclass(frozen=True)
class Searched:
    """The result of the search, its findings and notes, the innovations that remain, and the readings that counted
    (tracks, T, M; None for all)."""

    result: Result
    findings: list[Finding]
    notes: list[str]
    residual: Innovations | None
    keep: NDArray[np.bool_] | None


def search_findings(
    run: Run, found: Innovations, shares: Shares, effort: Effort, progress: Progress | None
) -> Searched:
    """Search for perturbations of a run's model that explain its innovations."""
    run, keep, selected, notes = judged(run)
    if keep is not None or notes:
        found = innovations_of(run)
    fast = extension_is_compiled(run)
    kinds = () if fast else _SLOW_KINDS
    components, perturbations = sizes_of(run.model, kinds)
    rows, accused = effort.rows_for(components, perturbations, len(run.model.state), fast=fast), None
    if not fast and components > effort.suspects:
        accused = suspects(found, effort.suspects)
        rows = rows_of_suspects(effort, components, len(accused), len(found.value))
        notes.append(note_on_components(len(accused), components))
    score_test = ScoreTest(perturbed_model_of(run, rows, keep, kinds, progress, found), effort)
    alone = components_alone(run.model) if fast else frozenset[int]()
    rounds, gains = effort.rounds if fast else 1, run._engine.same_bits
    result = search(score_test, shares.perturbations, rounds, alone, accused, gains)
    findings = []
    for attribution in result.attributions:
        finding = _finding(run, found, score_test, attribution, shares.level)
        change = change_of(run.model, attribution, score_test.perturbed.perturbations, finding.suggestions)
        finding = replace(finding, change=change)
        offset = attribution.candidate.kind in OFFSETS
        if offset and fast and of_this_method_only(run, finding):
            notes.append(f"with this filter, but not with another: {finding.sentence}")
        elif _matters(attribution, score_test, selected):
            findings.append(finding)
        else:
            notes.append(f"small: {finding.sentence}")
    tested = len(score_test.neutral.innovations.value)
    short = tested < len(found.value)
    if short:
        notes.append(
            f"factors and offsets are estimated from the first {tested} rows, all else from all rows."
        )
    curved = (
        other_method(run, 2.0 * (result.point.loglik - score_test.neutral.loglik))
        if (findings or _suspected(run, found, result, shares.level)) and fast and not short
        else None
    )
    residual = None if short and not result.attributions else result.point.innovations
    if result.colour is not None:
        residual = result.colour.point.innovations
        notes += [f"if the noise were white: {f.sentence}" for f in findings if f.code[:2] in ("R_", "Q_")]
        findings = [f for f in findings if f.code[:2] not in ("R_", "Q_")]
        findings.append(_coloured(run, found, result.colour))
    if curved is not None:
        notes += [f"with this filter: {finding.sentence}" for finding in findings]
        findings = [curved]
    return Searched(result, findings, notes, residual, keep)


def _suspected(run: Run, found: Innovations, result: Result, level: float) -> bool:
    """Whether the score of an offset is significant, or the NIS of a sensor is out of bounds, with no explanation."""
    means = [statistics.nis_mean(found, level, [k]) for k in range(len(run.model.sensors))]
    scores = [z for one, z in zip(result.candidates, result.statistics, strict=True) if one.kind in OFFSETS]
    return bool(np.abs(scores).max(initial=0.0) > result.critical) or any(
        m.dof and not m.inside for m in means
    )


def residual_findings(
    run: Run, residual: Innovations, shares: Shares, searched: Searched
) -> tuple[list[Finding], list[str]]:
    """The findings of the search, and those of the innovations that remain once its results are accounted for."""
    absent = absent_of(run, searched.result)
    findings, notes = list(searched.findings), list(searched.notes)
    if any(finding.code == Code.CURVED for finding in findings):
        return findings, notes  # the method causes what remains, too
    shifted, centred = _mean_changes(run, residual, shares)
    autocorrelated = _autocorrelated(run, residual, shares)
    if autocorrelated and shifted and not _autocorrelated(run, centred, replace(shares, white=_WHITE_LEVEL)):
        autocorrelated = []  # only the mean has changed
    coloured = [*autocorrelated, *_cross_correlated(run, residual, shares)]
    strong = [finding for finding in coloured if abs(finding.estimate) >= ALIKE]
    notes += [f"small: {finding.sentence}" for finding in coloured if abs(finding.estimate) < ALIKE]
    if strong and max(abs(finding.estimate) for finding in strong) >= _DOMINANT:
        # If noise is not white its scale cannot be estimated: the factors become notes that assume white noise.
        notes += [f"if the noise were white: {f.sentence}" for f in findings if f.code[:2] in ("R_", "Q_")]
        # A sign or a gain that explains most is their cause; one that was found later is not.
        kept = [f for f in findings[:1] if f.code in (Code.SIGN, Code.GAIN)]
        others = [f for f in findings[len(kept) :] if f.code[:2] not in ("R_", "Q_")]
        findings = [*kept, *strong, *others]
    elif strong:
        findings += strong
    elif not any(f.code in (Code.BIAS, Code.SIGN, Code.GAIN) for f in findings):
        findings += [finding for finding in shifted if abs(finding.estimate) >= SMALL]
    findings, parts = by_cause(attributed(findings, absent))
    return findings, [*notes, *sentences_of(parts)]


def _finding(
    run: Run, found: Innovations, score_test: ScoreTest, attribution: Attribution, level: float
) -> Finding:
    model, candidate = run.model, attribution.candidate
    perturbation = score_test.perturbed.perturbations[candidate.perturbations[0]]
    subject = sentences.subject_of(model, candidate)
    threshold = critical(level)
    offset, error = attribution.value * perturbation.unit, attribution.error * perturbation.unit
    suggestions: dict[str, float] = {}
    statistic, low, high = attribution.gain, 0.0, threshold * threshold
    if candidate.kind in FACTORS:
        factor = float(np.exp(attribution.value))
        nis = _nis_of(found, candidate, level) if candidate.kind == "r" else None
        if nis is not None and not nis.inside and (nis.value > 1.0) == (factor > 1.0):
            statistic, low, high = nis.value, nis.low, nis.high
        else:
            nis = None
        sentence, suggestions = sentences.noise_sentence(
            model, candidate, subject, factor, nis, attribution.gain
        )
        letter, size = "R" if candidate.kind == "r" else "Q", "SMALL" if factor > 1.0 else "LARGE"
        return Finding(
            Code[f"{letter}_{size}"], subject, statistic, low, high, factor, factor * attribution.error, sentence,
            suggestions,
        )  # fmt: skip
    if candidate.kind in ("sign", "units", "gain"):
        gain = 1.0 + offset
        if gain < 0.0 and abs(np.log(-gain)) < 0.3:
            sentence, code = sentences.sign_sentence(model, candidate, attribution.gain), Code.SIGN
        else:
            sentence, code = sentences.gain_sentence(model, candidate, gain, error), Code.GAIN
        return Finding(code, subject, statistic, low, high, gain, error, sentence)
    if candidate.kind == "start":
        assert model.start is not None
        shift = attribution.value * float(np.sqrt(model.start.factor[1][candidate.indices[0]]))
        sentence = sentences.start_sentence(model, candidate, shift, attribution.value, attribution.alike)
        return Finding(Code.START, subject, statistic, low, high, shift, error, sentence)
    sentence = sentences.bias_sentence(model, candidate, offset, error, attribution.alike)
    return Finding(Code.BIAS, subject, statistic, low, high, offset, error, sentence)


def _coloured(run: Run, found: Innovations, colour: Colour) -> Finding:
    sensor, measure = sentences.labels_of(run.model)[colour.component]
    subject = f"{sensor.name}.{measure}"
    sentence = sentences.coloured_noise_sentence(subject, colour.rho, colour.gain)
    bound = critical(0.05) / float(np.sqrt(found.used[:, colour.component].sum()))
    dt = run._arrays.dt
    change = colour_of(colour.component, colour.rho, float(np.median(dt[dt > 0.0])))
    return Finding(Code.COLOURED, subject, colour.gain, 0.0, 2.0, colour.rho, bound, sentence, change=change)


def _nis_of(found: Innovations, candidate: Candidate, level: float) -> Mean:
    """The mean NIS of the component or sensor that a candidate perturbs."""
    if len(candidate.indices) == 1:
        return statistics.square_mean(found, candidate.indices[0], level)
    sensor = int(np.searchsorted(np.cumsum(found.sizes), candidate.indices[0], "right"))
    return statistics.nis_mean(found, level, [sensor])


def _matters(attribution: Attribution, score_test: ScoreTest, selected: bool) -> bool:
    """Whether the effect is large enough for a finding.

    selected: whether a gate has selected among good readings, which makes the process noise look too small."""
    if attribution.candidate.kind in FACTORS:
        small = _SMALL_IF_SELECTED if selected and attribution.candidate.kind != "r" else SMALL
        return abs(attribution.value) >= small
    if attribution.candidate.kind in ("start", "sign", "units"):
        return True
    return bool(np.sqrt(attribution.gain / len(score_test.neutral.value)) >= SMALL)


def _autocorrelated(run: Run, found: Innovations, shares: Shares) -> list[Finding]:
    """Components whose innovations are correlated over time, at the largest lag or over all lags together."""
    pairs = [pair for pair in autocorrelations(found) if pair.tested.any()]
    if not pairs:
        return []
    threshold = critical(0.5 * shares.white / sum(int(pair.tested.sum()) for pair in pairs))
    names = run.model.components
    findings = []
    for pair in pairs:
        z = np.abs(pair.z)
        k = int(np.argmax(z))
        together = portmanteau(pair) < 0.5 * shares.white / len(pairs)
        if z[k] <= threshold and not together:
            continue
        bound, error = float(pair.bound(threshold)[k]), float(pair.bound(1.0)[k])
        inside = np.flatnonzero(z[k:] < _VISIBLE)
        length = int(pair.lags[k + inside[0] - 1 if len(inside) else -1])
        value, name = float(pair.value[k]), names[pair.first]
        exceeded = bound if z[k] > threshold else None
        sentence = sentences.autocorrelation_sentence(name, int(pair.lags[k]), value, exceeded, length)
        finding = Finding(Code.COLOURED, name, value, -bound, bound, value, error, sentence)
        findings.append((z[k], finding))
    return [finding for _, finding in sorted(findings, key=lambda pair: -pair[0])]


def _cross_correlated(run: Run, found: Innovations, shares: Shares) -> list[Finding]:
    """Pairs of components whose innovations are correlated."""
    pairs = cross_correlations(found)
    tests = sum(int(pair.tested.sum()) for pair in pairs)
    if not tests:
        return []
    threshold = critical(shares.cross / tests)
    names = run.model.components
    findings = []
    for pair in pairs:
        z = np.abs(pair.z)
        k = int(np.argmax(z))
        if z[k] <= threshold:
            continue
        value, bound, error = float(pair.value[k]), *(float(pair.bound(at)[k]) for at in (threshold, 1.0))
        first, second = names[pair.first], names[pair.second]
        sentence = sentences.cross_correlation_sentence(first, second, int(pair.lags[k]), value, bound)
        finding = Finding(Code.COLOURED, f"{first}, {second}", value, -bound, bound, value, error, sentence)
        findings.append((z[k], finding))
    return [finding for _, finding in sorted(findings, key=lambda pair: -pair[0])]


def _mean_changes(run: Run, found: Innovations, shares: Shares) -> tuple[list[Finding], Innovations]:
    """Components whose mean changes at some row, and the innovations less their means before and after it."""
    findings, value = [], found.value.copy()
    tests = statistics.changes(found)
    names = run.model.components
    stamps, kind = run.log.row_stamps(), kind_of(run.log.origin)
    for change in tests:
        limit = critical(shares.cusum / len(tests))
        if change.p >= shares.cusum / len(tests) or abs(change.shift) < limit * change.error:
            continue
        i = change.component
        rows = np.flatnonzero(found.used[:, i])
        before, after = rows[rows < change.row], rows[rows >= change.row]
        for part in (before, after):
            value[part, i] -= value[part, i].mean() if len(part) else 0.0
        bound = float(critical(shares.cusum / len(tests) / 2.0))
        scale = float(np.median(found.scale[after, i]))
        sentence = (
            f"innovations of {names[i]} are not 0 on average: {change.shift * scale:.3g} (give or take "
            f"{change.error * scale:.1g}; {change.shift:.2g} of their std) from row {change.row} (t = "
            f"{time_text(int(stamps[change.row]), kind)}) on; look for an offset that appears or grows then."
        )
        statistic, shift = (change.statistic, -bound, bound), (change.shift, change.error)
        findings.append(Finding(Code.BIAS, names[i], *statistic, *shift, sentence))
    findings.sort(key=lambda finding: -finding.statistic)
    return findings, replace(found, value=value)
