"""The search for faulty readings, one kind after another, and the run without them, by which a model is judged."""

from copy import copy
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from foglight.compiler.linearity import is_linear_gaussian
from foglight.core.errors import FoglightError
from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.data.replaced_readings import with_readings
from foglight.diagnostics.check.faulty_readings.fault import Fault
from foglight.diagnostics.check.faulty_readings.outliers import gross, outliers
from foglight.diagnostics.check.faulty_readings.reruns import Reruns
from foglight.diagnostics.check.faulty_readings.sentinels import sentinels
from foglight.diagnostics.check.faulty_readings.steps import steps
from foglight.diagnostics.check.faulty_readings.stuck_runs import stuck_runs
from foglight.diagnostics.check.health import Code, Finding
from foglight.diagnostics.check.hypotheses.slips import declared_angles
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.check.other_method import others
from foglight.diagnostics.check.run_again import run_again
from foglight.inference.run import Run
from foglight.methods.ekf import KF
from foglight.model.model import Model

_PASSES = 6  # a fault that is mended may show another one
_SLOW_ROWS = 1_000  # rows beyond which nothing is searched if the functions are not compiled


class FirstStage(NamedTuple):
    """The faults, most readings first, and the run without them."""

    faults: list[Fault]
    run: Run


def first_stage(run: Run, level: float, found: Innovations | None = None) -> FirstStage:
    """Search a run for faulty readings, and run the filter without them. found: the run's innovations, if known.

    A poor linearisation makes good readings gross. So where functions bend, every method must accuse them.
    """
    fast = run._engine.same_bits
    if not fast and run._received.size > _SLOW_ROWS * run._received.shape[-1]:
        return FirstStage([], run)
    reruns = Reruns(run, level, found)
    faults, z = _search(reruns)
    if not faults or not _likelier(reruns, z):
        return FirstStage([], run)
    if fast and not isinstance(run.method, KF) and not is_linear_gaussian(run.model):
        for method in others(run):
            try:
                other = Reruns(run_again(run, method=method), level)
            except FoglightError:
                continue
            theirs, of_theirs = _search(other)
            if int(np.isnan(of_theirs).sum()) < int(np.isnan(z).sum()) or len(theirs) < len(faults):
                faults, z = theirs, of_theirs
    if not faults or (_has_jump(faults) and _in_whole_turns(run, level)):
        return FirstStage([], run)
    rest = copy(reruns.on(z).run)
    rest.log = with_readings(run.log, run.model, z.reshape(reruns.shape))
    return FirstStage(sorted(faults, key=lambda fault: -int(fault.mask.sum())), rest)


def excused(run: Run, findings: list[Finding], level: float) -> bool:
    """Whether no reading of a run is at fault once these findings are followed: a clock that is put right, say."""
    model, log = run.model, run.log
    try:
        for finding in findings:
            model, log = finding.apply(model, log)
    except FoglightError:
        return False
    return _faultless(run, model, log, level)


def _faultless(run: Run, model: Model, log: Log, level: float) -> bool:
    """Whether no reading is at fault in the run of another model or log."""
    try:
        return not first_stage(run_again(run, model=model, log=log), level).faults
    except FoglightError:
        return False


def _has_jump(faults: list[Fault]) -> bool:
    return any(fault.code == Code.JUMP for fault in faults)


def _in_whole_turns(run: Run, level: float) -> bool:
    """Whether no reading is at fault once measures that jump by whole turns are declared angles."""
    model = declared_angles(run.model, run.log.bind(run.model))
    return model is not None and _faultless(run, model, run.log, level)


def _search(reruns: Reruns) -> tuple[list[Fault], Floats]:
    """The faults, and the readings (N, M) without them."""
    found: list[Fault] = []
    z = reruns.z
    for _ in range(_PASSES):
        is_gross = bool(reruns.on(z).beyond[:, reruns.judged].any())
        new = (sentinels(reruns, z) if is_gross else []) or stuck_runs(reruns, z)
        last = False
        if not new and is_gross:
            rest = gross(reruns, z)
            new = steps(reruns, z, rest.begins)
            if not new:
                new, last = outliers(reruns, z, rest), True
        for fault in new:
            found.append(fault)
            z = fault.without(z)
        if not new or last or any(not fault.mends for fault in new):
            break
    return _together(found), z


def _likelier(reruns: Reruns, z: Floats) -> bool:
    """Whether the readings that are left are no less likely without the faults: else they were no faults."""
    return reruns.on(z).gain_over(reruns.on(reruns.z)) >= 0.0


def _together(faults: list[Fault]) -> list[Fault]:
    """The stuck runs of each sensor as one fault, in the words of the longest."""
    stuck: dict[str, list[Fault]] = {}
    for fault in faults:
        if fault.code == Code.STUCK:
            stuck.setdefault(fault.subject, []).append(fault)
    merged = []
    for runs in stuck.values():
        first = max(runs, key=lambda fault: len(fault.rows))
        rows = np.sort(np.concatenate([fault.rows for fault in runs]))
        more = f" So it is in {len(runs) - 1} other places of the log." if len(runs) > 1 else ""
        mask = np.logical_or.reduce([fault.mask for fault in runs])
        merged.append(
            replace(first, rows=rows, mask=mask, estimate=float(len(rows)), sentence=first.sentence + more)
        )
    return [*merged, *[fault for fault in faults if fault.code != Code.STUCK]]
