"""From statistics to findings: what explains the innovations, and what nothing explains."""

from dataclasses import dataclass, replace

import numpy as np

from foglight.diagnostics.check import sentences, statistics
from foglight.diagnostics.check.gated_readings import judged
from foglight.diagnostics.check.health import Code, Finding
from foglight.diagnostics.check.innovations import Innovations, innovations_of
from foglight.diagnostics.check.other_method import other_method
from foglight.diagnostics.check.perturbations import FACTORS, perturbed_model_of
from foglight.diagnostics.check.score_test import ScoreTest
from foglight.diagnostics.check.search import Attribution, Candidate, Colour, Result, search
from foglight.diagnostics.check.statistics import Mean
from foglight.diagnostics.chi_square import critical
from foglight.inference.run import Run
from foglight.model.model import MOTION, Model

PROBED = 50_000  # rows that levers are moved on: a factor is known to 0.3 % there
SLOW = 300  # the same, where nothing is compiled
_BY_HAND = ("q", "r", "bias")  # levers that are moved there
SMALL = 0.05  # a relative change below which a finding is a note, and a mean over its std
ALIKE = 0.1  # a correlation below which a finding is a note
_RULING = 0.2  # a correlation beyond which factors on noises mean little
_VISIBLE = 2.0  # standard deviations of a correlation
_PICKED = 0.25  # the same of process noise where a gate has picked among good readings
_PLAIN = 0.01  # level at which innovations without their mean are white: what is left is no accusation
_POWER = 1.2816  # of 90 %


@dataclass(frozen=True)
class Shares:
    """How the level is shared out among kinds of tests, so that all together keep it."""

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
    """What the levers explain: the result, findings and notes of it, the innovations that it leaves."""

    result: Result | None
    findings: list[Finding]
    notes: list[str]
    residual: Innovations | None
    power: list[str]


def explained(run: Run, found: Innovations, shares: Shares) -> Searched:
    """Move the levers of a run's model."""
    fast = run._engine.same_bits
    run, keep, picked, notes = judged(run)
    if keep is not None or notes:
        found = innovations_of(run)
    score_test = ScoreTest(perturbed_model_of(run, *((PROBED, keep) if fast else (SLOW, keep, _BY_HAND))))
    result = (
        search(score_test, shares.perturbations)
        if fast
        else search(score_test, shares.perturbations, rounds=1)
    )
    findings = []
    for attribution in result.attributions:
        finding = _finding(run, found, score_test, attribution, shares.level)
        if _matters(attribution, score_test, picked):
            findings.append(finding)
        else:
            notes.append(f"small: {finding.sentence}")
    tested = len(score_test.neutral.innovations.value)
    short = tested < len(found.value)
    if short:
        notes.append(f"factors and offsets are from the first {tested} rows, all else from all.")
    curved = (
        other_method(run, 2.0 * (result.point.loglik - score_test.neutral.loglik))
        if findings and fast and not short
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
    return Searched(result, findings, notes, residual, _power(run, score_test, result))


def residual_findings(
    run: Run, residual: Innovations, shares: Shares, searched: Searched
) -> tuple[list[Finding], list[str]]:
    """The findings of the search, and what is left when all that it found is allowed for."""
    absent = set[str]() if searched.result is None else absent_of(run.model, searched.result)
    findings, notes = list(searched.findings), list(searched.notes)
    if any(finding.code == Code.CURVED for finding in findings):
        return findings, notes  # what is left is the filter's, too
    late, level_free = _late(run, residual, shares)
    white = _white(run, residual, shares)
    if white and late and not _white(run, level_free, replace(shares, white=_PLAIN)):
        white = []  # nothing but a mean that moved
    coloured = [*white, *_shared(run, residual, shares)]
    strong = [finding for finding in coloured if abs(finding.estimate) >= ALIKE]
    notes += [f"small: {finding.sentence}" for finding in coloured if abs(finding.estimate) < ALIKE]
    if strong and max(abs(finding.estimate) for finding in strong) >= _RULING:
        # Scales cannot be told from noise that is not white: they are said, as what they would be if it were.
        notes += [f"if the noise were white: {f.sentence}" for f in findings if f.code[:2] in ("R_", "Q_")]
        kept = [f for f in findings if f.code in (Code.SIGN, Code.GAIN)]
        others = [f for f in findings if f.code in (Code.BIAS, Code.START)]
        findings = [*kept, *strong, *others]
    elif strong:
        findings += strong
    elif not any(f.code in (Code.BIAS, Code.SIGN, Code.GAIN) for f in findings):
        findings += [finding for finding in late if abs(finding.estimate) >= SMALL]
    return attributed(findings, absent), notes


def _finding(
    run: Run, found: Innovations, score_test: ScoreTest, attribution: Attribution, level: float
) -> Finding:
    model, candidate = run.model, attribution.candidate
    perturbation = score_test.perturbed.perturbations[candidate.perturbations[0]]
    subject = sentences.subject_of(model, candidate)
    bar = critical(level)
    offset, error = attribution.value * perturbation.unit, attribution.error * perturbation.unit
    suggestions: dict[str, float] = {}
    statistic, low, high = attribution.gain, 0.0, bar * bar
    if candidate.kind in FACTORS:
        factor = float(np.exp(attribution.value))
        seen = _seen(found, candidate, level) if candidate.kind == "r" else None
        if seen is not None and not seen.inside and (seen.value > 1.0) == (factor > 1.0):
            statistic, low, high = seen.value, seen.low, seen.high
        else:
            seen = None
        sentence, suggestions = sentences.noise_sentence(
            model, candidate, subject, factor, seen, attribution.gain
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
        shift = attribution.value * float(np.sqrt(model.start.factor[1][candidate.places[0]]))
        sentence = sentences.start_sentence(model, candidate, shift, attribution.value, attribution.alike)
        return Finding(Code.START, subject, statistic, low, high, shift, error, sentence)
    sentence = sentences.bias_sentence(model, candidate, offset, error, attribution.alike)
    return Finding(Code.BIAS, subject, statistic, low, high, offset, error, sentence)


def _coloured(run: Run, found: Innovations, colour: Colour) -> Finding:
    sensor, measure = sentences.labels_of(run.model)[colour.place]
    subject = f"{sensor.name}.{measure}"
    sentence = sentences.memory_sentence(subject, colour.rho, colour.gain)
    bound = critical(0.05) / float(np.sqrt(found.used[:, colour.place].sum()))
    return Finding(Code.COLOURED, subject, colour.gain, 0.0, 2.0, colour.rho, bound, sentence)


def _seen(found: Innovations, candidate: Candidate, level: float) -> Mean:
    """The NIS of what a candidate is about."""
    if len(candidate.places) == 1:
        return statistics.square_mean(found, candidate.places[0], level)
    sensor = int(np.searchsorted(np.cumsum(found.sizes), candidate.places[0], "right"))
    return statistics.nis_mean(found, level, [sensor])


def _matters(attribution: Attribution, score_test: ScoreTest, picked: bool) -> bool:
    """Whether it changes more than some per cent; picked: a gate makes process noise look too small."""
    if attribution.candidate.kind in FACTORS:
        small = _PICKED if picked and attribution.candidate.kind != "r" else SMALL
        return abs(attribution.value) >= small
    if attribution.candidate.kind in ("start", "sign", "units"):
        return True
    return bool(np.sqrt(attribution.gain / len(score_test.neutral.value)) >= SMALL)


def _white(run: Run, found: Innovations, shares: Shares) -> list[Finding]:
    """Components that are like themselves some reports later: by the largest lag, or by all together."""
    pairs = [pair for pair in statistics.autocorrelations(found) if len(pair.lags)]
    if not pairs:
        return []
    lags = sum(len(pair.lags) for pair in pairs)
    bar = critical(0.5 * shares.white / lags)
    names = [f"{sensor.name}.{measure}" for sensor, measure in sentences.labels_of(run.model)]
    findings = []
    for pair in pairs:
        k = int(np.argmax(np.abs(pair.z)))
        together = statistics.portmanteau(pair) < 0.5 * shares.white / len(pairs)
        if abs(pair.z[k]) <= bar and not together:
            continue
        bound = bar / float(np.sqrt(pair.counts[k]))
        inside = np.flatnonzero(np.abs(pair.z[k:]) < _VISIBLE)
        length = int(pair.lags[k + inside[0] - 1 if len(inside) else -1])
        value = float(pair.value[k])
        alone = bound if abs(pair.z[k]) > bar else None
        sentence = sentences.coloured_sentence(names[pair.first], int(pair.lags[k]), value, alone, length)
        findings.append(
            (
                abs(pair.z[k]),
                Finding(Code.COLOURED, names[pair.first], value, -bound, bound, value, bound / bar, sentence),
            )
        )
    return [finding for _, finding in sorted(findings, key=lambda pair: -pair[0])]


def _shared(run: Run, found: Innovations, shares: Shares) -> list[Finding]:
    """Components that go together."""
    pairs = statistics.cross_correlations(found)
    tests = sum(int((pair.counts >= statistics.ENOUGH).sum()) for pair in pairs)
    if not tests:
        return []
    bar = critical(shares.cross / tests)
    names = [f"{sensor.name}.{measure}" for sensor, measure in sentences.labels_of(run.model)]
    findings = []
    for pair in pairs:
        z = np.where(pair.counts >= statistics.ENOUGH, np.abs(pair.z), 0.0)
        k = int(np.argmax(z))
        if z[k] <= bar:
            continue
        value, bound = float(pair.value[k]), bar / float(np.sqrt(pair.counts[k]))
        first, second = names[pair.first], names[pair.second]
        sentence = sentences.shared_sentence(first, second, int(pair.lags[k]), value, bound)
        subject = f"{first}, {second}"
        findings.append(
            (z[k], Finding(Code.COLOURED, subject, value, -bound, bound, value, bound / bar, sentence))
        )
    return [finding for _, finding in sorted(findings, key=lambda pair: -pair[0])]


def _late(run: Run, found: Innovations, shares: Shares) -> tuple[list[Finding], Innovations]:
    """Components whose mean moves, and the innovations without these moves."""
    findings, value = [], found.value.copy()
    tests = statistics.changes(found)
    names = [f"{sensor.name}.{measure}" for sensor, measure in sentences.labels_of(run.model)]
    time = np.tile(run.log.time_ns / 1e9, run.log.tracks or 1)
    for change in tests:
        if change.p >= shares.cusum / len(tests):
            continue
        i = change.component
        rows = np.flatnonzero(found.used[:, i])
        before, after = rows[rows < change.row], rows[rows >= change.row]
        for part in (before, after):
            value[part, i] -= value[part, i].mean() if len(part) else 0.0
        bound = float(critical(shares.cusum / len(tests) / 2.0))
        size = change.shift * float(np.median(found.scale[after, i]))
        sentence = (
            f"innovations of {names[i]} are not 0 on average: {size:.3g} ({change.shift:.2g} of their std) from row "
            f"{change.row} (t = {time[change.row]:.12g} s) on; look for an offset that comes or grows then."
        )
        findings.append(
            Finding(Code.BIAS, names[i], change.statistic, -bound, bound, change.shift, np.nan, sentence)
        )
    findings.sort(key=lambda finding: -finding.statistic)
    return findings, replace(found, value=value)


def _power(run: Run, score_test: ScoreTest, result: Result) -> list[str]:
    """What a log of this length shows, nine times in ten."""
    told = []
    variances = np.diag(result.information)
    for k, candidate in enumerate(result.candidates):
        if candidate.kind not in ("q", "r") or (candidate.kind == "r" and len(candidate.places) > 1):
            continue
        subject = sentences.subject_of(run.model, candidate)
        name = "Q" if candidate.kind == "q" else f"the noise of {subject}"
        if variances[k] <= 0.0:
            continue
        factor = float(np.exp(min((result.critical + _POWER) / np.sqrt(variances[k]), 20.0)))
        told.append(f"{name} by {factor:.3g}x" if factor < 100.0 else f"{name} not at all")
    return [f"in this log a wrong std shows, nine times in ten, from: {', '.join(told)}."] if told else []


def absent_of(model: "Model", result: Result) -> set[str]:
    """ "motion" where Q is 0, and each `sensor.measure` whose R is 0: noises that the model does not have.

    No factor moves them, so what they would explain looks coloured. A perturbation of them has no information at all,
    exactly, since 0 times any factor is 0.
    """
    information = np.diag(result.information)
    if not information.any():
        return set()
    return {
        sentences.subject_of(model, candidate)
        for candidate, known in zip(result.candidates, information, strict=True)
        if candidate.kind in ("q", "r") and len(candidate.perturbations) == 1 and not known
    }


def attributed(findings: list[Finding], absent: set[str]) -> list[Finding]:
    """The findings; but where innovations are correlated over time and a noise is absent, that alone: all else may
    come of it."""
    findings_by_noise: dict[str, Finding] = {}
    for finding in findings:
        subject = finding.subject if finding.subject in absent else MOTION
        if finding.code != Code.COLOURED or "," in finding.subject or subject not in absent:
            continue
        code = Code.Q_SMALL if subject == MOTION else Code.R_SMALL
        sentence = sentences.absent_sentence(subject, finding.subject)
        seen = finding.statistic, finding.low, finding.high
        findings_by_noise.setdefault(subject, Finding(code, subject, *seen, np.inf, np.nan, sentence))
    return list(findings_by_noise.values()) or findings
