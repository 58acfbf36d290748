"""Which sensor of a run is wrong, since when and how."""

import numpy as np

from foglight.core.errors import REFUSED, ModelError
from foglight.diagnostics.check.run_again import run_again
from foglight.inference.fault_evidence import RATE, Evidence, Suspects, cusum, judged, limit_of
from foglight.inference.fault_hypotheses import NOISE, Hypothesis, hypotheses, plain
from foglight.inference.fault_kinds import Course
from foglight.inference.run import Run


def suspects(run: Run, *, false_alarms: float = RATE) -> Suspects:
    """Find out which sensor of a run is at fault, since when, and how.

    Parameters
    ----------
    run : Run
        The result of `fog.run` on a log of one track, with keep="all".
    false_alarms : float, default 1e-6
        How many rows of a healthy log raise a false alarm, at most: 1e-6 is one log of 10,000 rows in a hundred.

    Returns
    -------
    Suspects
        `sensor`, and `suspects` with the probability, the onset and the kind of each. Prints as a sentence.

    Raises
    ------
    ModelError
        If run is not the result of `fog.run` on one track, or false_alarms is not between 0 and 1.
    StateError
        If the run kept only its last belief.

    Notes
    -----
    Each sensor in turn may be noisier than stated or have a bias that moves, and Q may be larger; the filter runs once
    for each of these. The limit is log(hypotheses/false_alarms): see `foglight.inference.fault_evidence`. That two
    sensors disagree does not say which is right, unless the motion or a third one does: both are then named.

    Examples
    --------
    >>> fog.suspects(run).sensor is None
    True
    """
    if not isinstance(run, Run) or run.log.tracks is not None or run.track is not None:
        raise ModelError(
            "suspects: expected the result of fog.run on a log of one track. Run each track alone.",
            field="run",
            value=type(run).__name__,
        )
    limit_of(false_alarms, 1)
    base = run_again(run, method=plain(run.method))
    reports = np.diff(run.time[~np.isnan(run._received).all(axis=1)])
    every = float(np.median(reports[reports > 0.0])) if (reports > 0.0).any() else 1.0
    found = []
    for one in hypotheses(run.model, run.method, every):
        other = run_again(run, model=one.model, method=one.method)
        bad = ((base.status | other.status) & int(REFUSED)) != 0
        g = cusum(np.where(bad, 0.0, other.row_loglik - base.row_loglik))
        last = int(np.argmax(g))
        zero = np.flatnonzero(g[:last] == 0.0)
        first = int(zero[-1]) + 1 if len(zero) else 0
        found.append(Evidence(one, float(g[last]), first, _course(run, other, one, slice(first, last + 1))))
    return judged(found, limit_of(false_alarms, len(found)), run._arrays.rows.where, run.time)


def _course(run: Run, other: Run, one: Hypothesis, rows: slice) -> Course:
    """What a sensor has done in these rows; nothing of the motion."""
    at = dict(zip(run.model.sensor_names, (at for _, at in run.model.blocks), strict=True))
    own = at.get(one.subject, slice(0))
    scale = other.adapted[one.subject][rows][-1] if one.kind == NOISE else 1.0
    biases = other.filtered.mean[rows][:, list(one.biases)]
    return Course(run.time[rows], run._received[rows, own], biases, float(scale))
