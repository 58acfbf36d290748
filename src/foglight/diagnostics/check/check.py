"""`fog.check`: every statistic of a run, and for what is out of bounds an explanation in one sentence."""

from collections.abc import Container
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.checks import is_number
from foglight.core.errors import ModelError, Status
from foglight.core.threads import with_threads
from foglight.core.types import Floats
from foglight.data.long_step import StepSizes
from foglight.diagnostics.check import statistics
from foglight.diagnostics.check.confidence import confidence, unexplained
from foglight.diagnostics.check.consequences import causes_first
from foglight.diagnostics.check.correlations import (
    Correlations,
    autocorrelations,
    cross_correlations,
)
from foglight.diagnostics.check.divergence import divergence_findings
from foglight.diagnostics.check.effort import Effort, Progress, RowCount, effort_of
from foglight.diagnostics.check.explanations import explanations
from foglight.diagnostics.check.faulty_readings.first_stage import excused, first_stage
from foglight.diagnostics.check.findings import Shares, residual_findings
from foglight.diagnostics.check.first_causes import with_first_causes
from foglight.diagnostics.check.followed import hedged, of_the_gate
from foglight.diagnostics.check.grouping import most_important, sentences_of
from foglight.diagnostics.check.health import Code, Finding, Health, Row
from foglight.diagnostics.check.hypotheses.elapsed import usual_step
from foglight.diagnostics.check.innovations import Innovations, innovations_of
from foglight.diagnostics.check.length import FEWEST, power, too_few, too_short, untested
from foglight.diagnostics.check.run_again import on_its_scale
from foglight.diagnostics.check.sentences import labels_of, outliers_sentence
from foglight.diagnostics.check.series import plot_data_of
from foglight.diagnostics.check.trajectory import unobservable_states
from foglight.diagnostics.chi_square import critical
from foglight.diagnostics.faults import suspects
from foglight.diagnostics.truth import truth_of
from foglight.inference.run import Run

LEVEL = 1e-3
_IDENTIFIED = 20_000  # rows up to which a check also says which sensor is at fault
_OF_ONE_SENSOR = (Code.BIAS, Code.DRIFT, Code.JUMP, Code.STUCK, Code.R_SMALL)  # faults that set in at one
_OFTEN = 0.05  # share of readings that are repeats from which a note says so
_DISTINCT = 0.9  # share of the others that must be different, else they are coarse
_OUTLIERS = 3  # readings, at least, that make heavy tails
_MANY = 0.006  # share beyond 3 standard deviations that is worth a note: 0.27 % are expected


@np.errstate(over="ignore", invalid="ignore")  # squares of huge innovations overflow, and are then not judged
@with_threads
def check(
    run: Any,
    truth: Any = None,
    *,
    level: float = LEVEL,
    within: float = 0.0,
    effort: str = "normal",
    progress: Progress | None = None,
    threads: int | None = None,
) -> Health:
    """Check whether a filter is consistent: whether its innovations and errors are as large as it states; if not, why.

    Parameters
    ----------
    run : Run or Smoothed
        The result of `fog.run` or `fog.smooth`.
    truth : array (T, n), mapping {state: column}, dataframe or Log, default None
        The true states, NaN where unknown; the errors of the estimates are then checked as well. With times, in a
        column `time` or in the index of a dataframe, rows are matched by time.
    level : float, default 0.001
        The probability that a healthy log gets any finding, over all tests together (Bonferroni).
    within : float, default 0
        Seconds. How far from a row of the log the truth that belongs to it may be; the nearest is taken.
    effort : {"normal", "quick", "full"}, default "normal"
        How long the search for explanations may take. The statistics are always of all rows. "normal" searches at most
        50,000 rows, and the fewer the more components a row has: with 6 all of them, with 34 the first 2,600; it
        tries coloured noise of the 8 components that look most like it, and of more than 8 sensors it tries delays,
        units and the like of those 8 that stand out. "quick" searches at most 2,000 rows, for one explanation, and
        tries no coloured noise. "full" searches up to 200,000 rows and tries every component and sensor.
    progress : callable, default None
        Called with the number of rows filtered so far, after each scan.
    threads : int, default None
        The most threads to use; None for one for each core of this process. No bit of the result depends on it.

    Returns
    -------
    Health
        Prints as a summary, a table of statistics and one sentence per finding; `ok`, `codes`, `findings`.

    Raises
    ------
    ModelError
        If `run` is not a result of `fog.run` or `fog.smooth`, `level` is not between 0 and 1, or `effort` is unknown.
    DataError
        If fewer than 20 components of readings were used, if the truth does not fit the model and the log, or if so
        few of its times are those of rows that it must be on another clock.
    StateError
        If the run did not keep its rows (`keep="last"`).
    NumericalError
        If the innovations of the run are not finite.

    Notes
    -----
    The model is extended by a factor on Q and on the noise of each component, a bias and a gain of each sensor, a drift
    of each state and more, and the likelihood decides which of them explains the log (docs/reference/check.md). An
    effect that is significant but changes less than 5 % is a note and not a finding. A model that was tuned on this log
    looks better than it is: check it on another.

    Examples
    --------
    >>> health = fog.check(run, truth)
    >>> health.ok, health.codes
    (True, ('OK',))
    >>> fog.check(fog.run(model.with_parameters({"std": 0.4}), log)).findings[0].sentence
    'radar gap noise is 2x too small: NIS 3.84 in [0.753, 1.29]; try std = 0.805.'
    """
    from foglight.inference.smooth import Smoothed, smooth

    smoothed = run if isinstance(run, Smoothed) else None
    filtered = run if smoothed is None else smoothed.run
    if not isinstance(filtered, Run):
        raise ModelError(
            f"check({type(run).__name__}): expected a result of fog.run or fog.smooth. Write "
            "fog.check(fog.run(model, log)).",
            field="run",
            value=run,
        )
    if not is_number(level) or not 0.0 < level < 1.0:
        raise ModelError.expected("level", level, "a probability above 0 and below 1", "Write level=0.001.")
    work, rows_done = effort_of(effort), RowCount(progress)
    if (plain := on_its_scale(filtered)) is not filtered:
        filtered, smoothed = plain, None if smoothed is None else smooth(plain)
    health, heavy = _examined(filtered, smoothed, truth, level, within, effort, work, rows_done)

    def again(other: Run) -> Health:
        return check(
            other if smoothed is None else smooth(other), truth, level=level, within=within, effort=effort,
            progress=rows_done.onward(),
        )  # fmt: skip

    return with_first_causes(filtered, health, heavy, again, level)


def _examined(
    filtered: Run,
    smoothed: Any,
    truth: Any,
    level: float,
    within: float,
    effort: str,
    work: Effort,
    rows_done: RowCount,
) -> tuple[Health, dict[int, float]]:
    """The health of a run, and the components with heavy tails. smoothed: its smoothed result, if that is checked."""
    from foglight.inference.smooth import smooth

    astray = divergence_findings(filtered)
    found = innovations_of(filtered)
    count = int(found.used.sum())
    if count < FEWEST and astray:  # too few were accepted for anything else
        title, plots = _title(filtered, found, smoothed is not None), plot_data_of(filtered, found, level)
        return Health(title, level, tuple(astray), (), (), plots), {}
    if count < FEWEST:
        raise too_few(found)
    whole, whole_smoothed = filtered, smoothed
    faults, filtered = ([], filtered) if astray else first_stage(filtered, level, found)
    if faults:
        found = innovations_of(filtered)
        smoothed = None if smoothed is None else smooth(filtered)
    states = None if truth is None else truth_of(truth, filtered.model, filtered.log, within)
    shares = Shares.of(level, truth is not None)
    of_readings, searched, explained = explanations(filtered, found, shares, work, rows_done)
    if faults and of_readings and excused(whole, of_readings, level):
        faults, filtered, smoothed = [], whole, whole_smoothed
        found = innovations_of(filtered)
        of_readings, searched, explained = explanations(filtered, found, shares, work, rows_done)
    residual = found if searched.residual is None else searched.residual
    of_model, notes = residual_findings(explained, residual, shares, searched)
    if of_the_gate(explained, of_model):
        notes.append(f"an effect of the gate: {of_model.pop().sentence}")
    findings = [*of_readings, *hedged(explained, of_model)]
    pairs = autocorrelations(found)
    rows = _table(filtered, found, level, pairs)
    if states is not None:
        from foglight.diagnostics.check.against_truth import against_truth

        more_rows, more_findings, more_notes = against_truth(
            filtered, found, smoothed, states, shares, bool(findings)
        )
        rows += more_rows
        findings += more_findings
        notes += more_notes
    heavy = _heavy_tails(found, residual)
    first_notes, repeats = _notes_on(filtered, found, heavy)
    notes = [*unobservable_states(filtered, found), *first_notes, *notes]
    notes += untested(filtered.model, found, pairs)
    findings = _with_hints(findings, filtered.model.components, heavy, repeats)
    findings = causes_first(filtered, astray, [*[fault.finding() for fault in faults], *findings], level)
    if not findings:
        findings = unexplained(filtered.model, found, level, usual_step(filtered.log))
    notes = [*confidence(rows, findings), *_identified(whole, findings, effort), *notes]
    findings, rest = most_important(findings)
    notes += sentences_of(rest)
    if not findings:  # the power of the tests is known only for a model that fits the log
        result = searched.result
        notes += [*too_short(filtered.model, found, result), *power(filtered.model, result)]
    if not findings and not all(row.inside for row in rows):
        notes.insert(
            0,
            "a line marked <-- is outside its own bounds, but by too little to matter, or is one of many lines.",
        )
    health = Health(
        _title(filtered, found, smoothed is not None), level, tuple(findings), tuple(notes), tuple(rows),
        plot_data_of(filtered, found, level),
    )  # fmt: skip
    return health, heavy


def _identified(run: Run, findings: list[Finding], effort: str) -> list[str]:
    """A note on which sensor of several is at fault, where a fault of one was found and single runs cost little."""
    several = len(run.model.sensors) > 1 and run.log.tracks is None and run.track is None
    cheap = run._engine.same_bits and len(run.log) <= _IDENTIFIED and effort != "quick"
    if not any(finding.code in _OF_ONE_SENSOR for finding in findings) or not several or not cheap:
        return []
    found = suspects(run)
    return [f"{found}."] if found.suspects else []


def _title(run: Run, found: Innovations, smoothed: bool) -> str:
    tracks = len(np.unique(found.track))
    of = f" in {tracks} tracks" if tracks > 1 else ""
    what = " smoothed," if smoothed else ""
    return f"{run.method!r},{what} {len(found.value)} rows{of}, {int(found.used.sum())} components used"


def _table(run: Run, found: Innovations, level: float, pairs: list[Correlations]) -> list[Row]:
    """One line per statistic; each is outside its bounds with probability `level` if the model is right."""
    sensors = [sensor.name for sensor in run.model.sensors]
    names = run.model.components
    rows = []
    if len(sensors) > 1:
        mean = statistics.nis_mean(found, level, list(range(len(sensors))))
        rows.append(Row("NIS per component", "all", mean.value, mean.low, mean.high, mean.dof))
    for k, name in enumerate(sensors):
        mean = statistics.nis_mean(found, level, [k])
        rows.append(Row("NIS per component", name, mean.value, mean.low, mean.high, mean.dof))
    z = critical(level)
    counts = found.used.sum(axis=0)
    for name, value, error, count in zip(names, *statistics.means(found), counts, strict=True):
        if count:
            bound = z * float(error)
            rows.append(Row("mean innovation / std", name, float(value), -bound, bound, int(count)))
    rows += [_correlation(pair, "autocorrelation", names, level) for pair in pairs]
    together = [_correlation(pair, "correlation", names, level) for pair in cross_correlations(found)]
    compared = sorted([row for row in together if row.count], key=lambda row: -abs(row.value) / row.high)
    rows += [row for k, row in enumerate(compared) if not k or not row.inside]
    for k, name in enumerate(sensors):
        n = int((found.counts[:, k] > 0).sum())
        share = statistics.coverage(found, k)
        for expected, value in zip(statistics.COVERED, share, strict=True):
            if n:
                bounds = statistics.share_bounds(expected, n, level)
                rows.append(Row(f"within {expected:.0%} region", name, float(value), *bounds, n))
    return rows


def _correlation(pair: Correlations, what: str, names: tuple[str, ...], level: float) -> Row:
    """The most significant lag, with bounds that all lags together exceed with probability `level`."""
    subject = names[pair.first] if pair.first == pair.second else f"{names[pair.first]}, {names[pair.second]}"
    tested = int(pair.tested.sum())
    if not tested:
        return Row(what, subject, np.nan, np.nan, np.nan, 0)
    k = int(np.argmax(np.abs(pair.z)))
    bound = float(pair.bound(critical(level / tested))[k])
    if len(pair.lags) > 1:
        subject += f" lag {pair.lags[k]}"
    return Row(what, subject, float(pair.value[k]), -bound, bound, int(pair.counts[k]))


def _notes_on(run: Run, found: Innovations, heavy: dict[int, float]) -> tuple[list[str], Container[str]]:
    """Notes on jumps in time, gates, bounds, stuck sensors and heavy tails, which change how the rest is read; and the
    sensors that repeat their readings."""
    jump = StepSizes().and_then(run._arrays.dt).note()
    notes = [] if jump is None else [f"{jump}."]
    method, model = run.method, run.model
    for sensor in model.sensors:
        thresholds = method.thresholds(sensor.name, len(sensor.measures))
        if thresholds.gates:
            notes.append(f"{sensor.name} has a gate: its NIS is a χ² truncated there.")
        if thresholds.bounds:
            notes.append(
                f"{sensor.name} has a Huber bound: only readings within it are checked, as a truncated χ²; those "
                "beyond it are not."
            )
        if thresholds.doubted:
            notes.append(
                f"{sensor.name} has a Student-t distribution: only readings that count at least half are checked, as a "
                "truncated χ²; those farther off are not."
            )
    gated = (run.status & Status.GATED) != 0
    if gated.any():
        notes.append(
            f"{int(gated.sum())} rows had a reading rejected by a gate ({gated.mean():.2%} of the rows)."
        )
    z = run.log.bind(model).reshape(-1, found.value.shape[1])
    constraints = {i for i in range(z.shape[1]) if not z[~np.isnan(z[:, i]), i].any()}
    repeats = _repeats(run, z, constraints)
    notes += _constraints(run, z, constraints) + list(repeats.values())
    for i, (sensor, measure) in enumerate(labels_of(model)):
        rows = np.flatnonzero(~np.isnan(z[:, i]))
        length, first, often = statistics.longest_run(z[rows, i])
        if i not in constraints and statistics.beyond_chance(length, often, len(rows)):
            notes.append(
                f"{sensor.name}.{measure} reported {z[rows[first], i]:.6g} {length} times in a row, from row "
                f"{rows[first]} on: is the sensor stuck? Read the log with repeats='skip'."
            )
        if i in heavy:
            notes.append(
                f"{sensor.name}.{measure} has heavy tails: {heavy[i]:.2%} of its innovations are beyond 3 standard "
                "deviations, where 0.27% are expected: consider gate= or student=."
            )
    return notes, repeats


def _constraints(run: Run, z: Floats, constraints: set[int]) -> list[str]:
    """A note on each sensor with measures that are 0 in every reading: these cannot be skipped as repeated."""
    notes = []
    for sensor, at in run.model.blocks:
        count = int((~np.isnan(z[:, at])).any(axis=1).sum())
        names = [f"{sensor.name}.{m}" for i, m in enumerate(sensor.measures, at.start) if i in constraints]
        if names and statistics.beyond_chance(count, 0.0, count):
            notes.append(
                f"{', '.join(names)}: 0 in every reading. That is right for a constraint, such as no speed sideways; "
                "of a sensor it says that it does not work."
            )
    return notes


def _repeats(run: Run, z: Floats, constraints: set[int]) -> dict[str, str]:
    """{sensor: a note} of each that often repeats its last reading: such readings are no news. Not of one whose
    readings are so coarse that they come back in other rows, too."""
    notes = {}
    for sensor, at in run.model.blocks if run.log.repeats == "keep" else ():
        if constraints.issuperset(range(at.start, at.stop)):
            continue
        reports = z[~np.isnan(z[:, at]).any(axis=1), at]
        same = int((reports[1:] == reports[:-1]).all(axis=1).sum())
        if same > _OFTEN * len(reports) and len(np.unique(reports, axis=0)) > _DISTINCT * (
            len(reports) - same
        ):
            notes[sensor.name] = (
                f"{sensor.name} repeats its last reading to the last digit in {same} of {len(reports)} rows: if these "
                "are no new measurements, read the log with repeats='skip'."
            )
    return notes


def _heavy_tails(found: Innovations, residual: Innovations) -> dict[int, float]:
    """{component with outliers: share of its innovations beyond 3 standard deviations}; empty if there is a gate."""
    heavy: dict[int, float] = {}
    if np.isfinite(found.limit).any():
        return heavy
    for i in range(found.value.shape[1]):
        value = residual.value[residual.used[:, i], i]
        beyond = np.abs(value) > 3.0 * np.sqrt(np.mean(value**2)) if len(value) else np.zeros(1, bool)
        if beyond.sum() >= _OUTLIERS and beyond.mean() > _MANY and statistics.tails(residual, i)[2] > 5.0:
            heavy[i] = float(beyond.mean())
    return heavy


def _with_hints(
    findings: list[Finding], names: tuple[str, ...], heavy: dict[int, float], repeats: Container[str]
) -> list[Finding]:
    """The findings, with a hint where outliers may be what makes the noise of a sensor look too small, or repeated
    readings what makes it look coloured."""
    hinted = []
    for finding in findings:
        shares = [
            share for i, share in heavy.items() if finding.subject in (names[i], names[i].partition(".")[0])
        ]
        if finding.code == Code.R_SMALL and shares:
            finding = replace(finding, sentence=finding.sentence + outliers_sentence(max(shares)))
        sensor = finding.subject.partition(".")[0]
        if finding.code == Code.COLOURED and sensor in repeats:
            finding = replace(
                finding,
                sentence=f"{finding.sentence} Before that, read the log with repeats='skip': {sensor} repeats its "
                "readings, and a repeated one counts again.",
            )
        hinted.append(finding)
    return hinted
