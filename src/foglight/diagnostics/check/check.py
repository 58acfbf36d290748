"""A run examined: every statistic computed, what is out of bounds explained, and said in a sentence."""

from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.errors import DataError, ModelError, Status
from foglight.core.text import counted
from foglight.diagnostics.check import statistics
from foglight.diagnostics.check.findings import Shares, explained, residual_findings
from foglight.diagnostics.check.health import Code, Finding, Health, Row
from foglight.diagnostics.check.innovations import Innovations, innovations_of
from foglight.diagnostics.check.sentences import labels_of, outliers_sentence
from foglight.diagnostics.check.series import series_of
from foglight.diagnostics.check.trajectory import unseen_states
from foglight.diagnostics.chi_square import critical
from foglight.inference.run import Run

LEVEL = 1e-3
_OUTLIERS = 3  # readings that make tails
_MANY = 0.006  # share beyond 3 standard deviations that is worth a word: 0.27 % are expected
FEWEST = 20  # components below which nothing can be said


def check(run: Any, truth: Any = None, *, level: float = LEVEL) -> Health:
    """Whether a filter's run is honest: its innovations, and its errors where the truth is known, against what it says
    of them; and if not, what to change, by how much.

    run: what `fog.run` or `fog.smooth` returned.  truth: true states (T, n), {state: column}, a dataframe or a `Log`
    of states; NaN where unknown.  level: the chance that a healthy log gets any finding, all tests together (Bonferroni
    over everything that is tested).
    Returns a `Health`, which prints itself. The model is given a factor on Q and on each component's R, a bias, a gain
    and more; the likelihood says which of them explains what is seen (docs/reference/check.md). What is significant but
    changes less than 5 % is a note. A model that was tuned on this very log looks better than it is: check another.
    Raises ModelError and DataError for what is no run, no level, no truth, or too short a log.

    >>> health = fog.check(fog.run(model, log))
    >>> health.ok, health.codes
    """
    from foglight.inference.run import Run
    from foglight.inference.smooth import Smoothed

    smoothed = run if isinstance(run, Smoothed) else None
    filtered = run if smoothed is None else smoothed.run
    if not isinstance(filtered, Run):
        raise ModelError(
            f"check({type(run).__name__}): expected what fog.run or fog.smooth returned. Write "
            "fog.check(fog.run(model, log)).",
            field="run",
            value=run,
        )
    if isinstance(level, bool) or not isinstance(level, float | int) or not 0.0 < level < 1.0:
        raise ModelError(
            f"level = {level!r}: expected a probability above 0 and below 1. Write level=0.001.",
            field="level",
            value=level,
        )
    found = innovations_of(filtered)
    count = int(found.used.sum())
    if count < FEWEST:
        raise DataError(
            f"the run used {counted(count, 'reading')}: expected at least {FEWEST}, for fewer say nothing of "
            "a filter. Give a longer log.",
            field="log",
            value=count,
        )
    shares = Shares.of(level, truth is not None)
    searched = explained(filtered, found, shares)
    residual = found if searched.residual is None else searched.residual
    findings, notes = residual_findings(filtered, residual, shares, searched)
    rows = _table(filtered, found, level)
    if truth is not None:
        from foglight.diagnostics.check.against_truth import against

        extra, more, told = against(filtered, found, smoothed, truth, shares, bool(findings))
        rows += extra
        findings += more
        notes += told
    notes = [*_about(filtered, found, residual), *notes, *unseen_states(filtered, found)]
    names = [f"{sensor.name}.{measure}" for sensor, measure in labels_of(filtered.model)]
    findings = _warned(findings, names, _heavy_tails(found, residual))
    if not findings:  # how much a log shows is known of a model that fits it
        notes += searched.power
    if not findings and not all(row.inside for row in rows):
        notes.insert(
            0, "what is marked <-- is out of its bounds by itself, but too little to matter, or one of many."
        )
    return Health(
        _title(filtered, found, smoothed is not None), level, tuple(findings), tuple(notes), tuple(rows),
        series_of(filtered, found, level),
    )  # fmt: skip


def _title(run: Run, found: Innovations, smoothed: bool) -> str:
    tracks = len(np.unique(found.track))
    of = f" in {tracks} tracks" if tracks > 1 else ""
    what = " smoothed," if smoothed else ""
    return f"{run.method!r},{what} {len(found.value)} rows{of}, {int(found.used.sum())} components used"


def _table(run: Run, found: Innovations, level: float) -> list[Row]:
    """A line a statistic; bounds hold each but for `level`."""
    sensors = [sensor.name for sensor in run.model.sensors]
    names = [f"{sensor.name}.{measure}" for sensor, measure in labels_of(run.model)]
    rows = []
    if len(sensors) > 1:
        mean = statistics.nis_mean(found, level, list(range(len(sensors))))
        rows.append(Row("NIS per component", "all", mean.value, mean.low, mean.high, mean.dof))
    for k, name in enumerate(sensors):
        mean = statistics.nis_mean(found, level, [k])
        rows.append(Row("NIS per component", name, mean.value, mean.low, mean.high, mean.dof))
    z = critical(level)
    values, _ = statistics.means(found)
    counts = found.used.sum(axis=0)
    square = found.by_component(np.asarray(found.expected.square))
    for i, name in enumerate(names):
        if counts[i]:
            bound = z * float(np.sqrt(square[found.used[:, i], i].mean() / counts[i]))
            rows.append(Row("mean innovation / std", name, float(values[i]), -bound, bound, int(counts[i])))
    rows += [
        _correlation(pair, "autocorrelation", names, level) for pair in statistics.autocorrelations(found)
    ]
    together = [
        _correlation(pair, "correlation", names, level) for pair in statistics.cross_correlations(found)
    ]
    heard = sorted([row for row in together if row.count], key=lambda row: -abs(row.value) / row.high)
    rows += [row for place, row in enumerate(heard) if not place or not row.inside]
    for k, name in enumerate(sensors):
        n = int((found.counts[:, k] > 0).sum())
        share = statistics.coverage(found, k)
        for expected, value in zip(statistics.COVERED, share, strict=True):
            if n:
                bound = z * float(np.sqrt(expected * (1.0 - expected) / n))
                rows.append(
                    Row(
                        f"within {expected:.0%} region",
                        name,
                        float(value),
                        expected - bound,
                        min(1.0, expected + bound),
                        n,
                    )
                )
    return rows


def _correlation(pair: statistics.Correlations, what: str, names: list[str], level: float) -> Row:
    """The lag that is farthest from 0, and where all lags are but for the level."""
    subject = names[pair.first] if pair.first == pair.second else f"{names[pair.first]}, {names[pair.second]}"
    there = np.flatnonzero(pair.counts >= statistics.ENOUGH)
    if not len(there):
        return Row(what, subject, np.nan, np.nan, np.nan, 0)
    k = there[int(np.argmax(np.abs(pair.z[there])))]
    bound = critical(level / len(there)) / float(np.sqrt(pair.counts[k]))
    if len(pair.lags) > 1:
        subject += f" lag {pair.lags[k]}"
    return Row(what, subject, float(pair.value[k]), -bound, bound, int(pair.counts[k]))


def _about(run: Run, found: Innovations, residual: Innovations) -> list[str]:
    """What kind of log and filter this is, where that changes how statistics are read."""
    notes = []
    method, model = run.method, run.model
    for sensor in model.sensors:
        thresholds = method.thresholds(sensor.name, len(sensor.measures))
        if thresholds.gates:
            notes.append(f"{sensor.name} has a gate: its NIS is a χ² that is cut off there.")
        if thresholds.bounds:
            notes.append(
                f"{sensor.name} has a Huber bound: only readings within it count here, as a cut off χ²; the "
                "likelihood of held ones is not judged."
            )
    gated = (run.status & Status.GATED) != 0
    if gated.any():
        notes.append(
            f"{int(gated.sum())} rows had a reading rejected by a gate ({gated.mean():.2%} of the rows)."
        )
    z = run.log.bind(model).reshape(-1, found.value.shape[1])
    heavy = _heavy_tails(found, residual)
    for i, (sensor, measure) in enumerate(labels_of(model)):
        here = np.flatnonzero(~np.isnan(z[:, i]))
        length, first, often = statistics.longest_run(z[here, i])
        chance = len(here) * max(often, 1.0 / max(len(here), 1)) ** (length - 1)
        if length >= 5 and chance < 1e-6:
            notes.append(
                f"{sensor.name}.{measure} reported {z[here[first], i]:.6g} {length} times in a row, from row "
                f"{here[first]} on: a sensor that is stuck? Read the log with repeats='skip'."
            )
        if i in heavy:
            notes.append(
                f"{sensor.name}.{measure} has heavy tails: {heavy[i]:.2%} of its innovations are beyond 3 standard "
                "deviations, where 0.27% are expected: consider gate= or huber=."
            )
    return notes


def _heavy_tails(found: Innovations, residual: Innovations) -> dict[int, float]:
    """Components with outliers, and the share of innovations beyond 3 standard deviations; none behind a gate."""
    heavy: dict[int, float] = {}
    if np.isfinite(found.limit).any():
        return heavy
    for i in range(found.value.shape[1]):
        value = residual.value[residual.used[:, i], i]
        beyond = np.abs(value) > 3.0 * np.sqrt(np.mean(value**2)) if len(value) else np.zeros(1, bool)
        if beyond.sum() >= _OUTLIERS and beyond.mean() > _MANY and statistics.tails(residual, i)[2] > 5.0:
            heavy[i] = float(beyond.mean())
    return heavy


def _warned(findings: list[Finding], names: list[str], heavy: dict[int, float]) -> list[Finding]:
    """Outliers make the noise of a sensor look too small: then the finding says so."""
    told = []
    for finding in findings:
        shares = [
            share for i, share in heavy.items() if finding.subject in (names[i], names[i].partition(".")[0])
        ]
        if finding.code == Code.R_SMALL and shares:
            finding = replace(finding, sentence=finding.sentence + outliers_sentence(max(shares)))
        told.append(finding)
    return told
