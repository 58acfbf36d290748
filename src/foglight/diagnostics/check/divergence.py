"""Whether a filter has lost what it tracks, or its numbers run away.

The tests of a check compare innovations with what the filter states. A filter behind a gate that has gone astray has
few innovations, and those fit: it rejects whatever does not. So this asks first whether it still follows its readings.

LOST: most readings are rejected in more than two rows in three of a stretch, or one sensor's while nothing else holds
what it sees; or the belief is widened again and again. DIVERGED: a standard deviation exceeds what it would be without
any reading, by far; or the gate rejects readings because the state is far outside all that was ever read.

None of these is a test at a level. Limits are such that noise, outliers and a blocked sensor among others stay below.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler import adaptation
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of, readings_engine
from foglight.compiler.kernels.predicted_readings import moments_of
from foglight.core.errors import Status
from foglight.core.types import Floats
from foglight.diagnostics.check.health import Code, Finding
from foglight.inference.run import Run
from foglight.methods.layout import belief_size

Mask = NDArray[np.bool_]
_STRETCH = (
    25  # rows with rejected readings less twice the other rows: so many in a row, or in a longer stretch
)
_WIDER = 3.0  # factor on a standard deviation that shows that nothing holds the state meanwhile
_RESETS = 3  # resets of one sensor, each within so many accepted readings after the one before:
_SETTLED = 20
_LASTING = 5  # rows in which numbers run away, less twice those in which they do not
_BEYOND = 100.0  # factor on the standard deviation without any reading
_RANGES = 3.0  # times the range of a sensor's readings that the state is outside of it
_DEVIATIONS = 10.0  # of noise, as well


class Track(NamedTuple):
    """Rows of one track: their numbers among all rows of all tracks, which readings of each sensor came and were
    rejected (T, sensors), in which rows the belief was widened (T,), and the standard deviations (T, n)."""

    rows: NDArray[np.int64]
    came: Mask
    rejected: Mask
    reset: Mask
    std: Floats


class Lost(NamedTuple):
    """Where a filter is lost, and why.

    rows, reason, remedy: in words.  subject, statistic, high, row: of the finding; the row is numbered in its track.
    """

    rows: str
    reason: str
    remedy: str
    subject: str
    statistic: float
    high: float
    row: int

    def finding(self) -> Finding:
        """It as a finding of the check."""
        sentence = f"the filter is lost from {self.rows}: {self.reason}. {self.remedy}"
        return Finding(
            Code.LOST, self.subject, self.statistic, 0.0, self.high, float(self.row), np.nan, sentence
        )


def divergence_findings(run: Run) -> list[Finding]:
    """At most one finding LOST and one DIVERGED: the first of each kind in the log."""
    found, tracks = list[Finding](), list(tracks_of(run))
    far = _far_outside(run, tracks)
    open_loop = cache(partial(_without_readings, run))
    for track, wide in zip(tracks, _wide(tracks), strict=True):
        lost = lost_in(run, track)
        away = _running_away(run, track, open_loop) if wide else None
        outside = next((finding for row, finding in far if row in track.rows), None)
        found += [] if lost is None else [lost.finding()]
        found += [finding for finding in [away or outside] if finding is not None]
    return list({finding.code: finding for finding in reversed(found)}.values())[::-1]


def _wide(tracks: list[Track]) -> Mask:
    """Whether a standard deviation of a track (tracks,) is far beyond its least one: else it is not far beyond its
    median either. Of all tracks at once, since there may be thousands."""
    std = np.concatenate([track.std for track in tracks])
    first = np.cumsum([0, *[len(track.rows) for track in tracks[:-1]]])
    least, most = np.minimum.reduceat(std, first), np.maximum.reduceat(std, first)
    return np.asarray(~(most <= _BEYOND * least).all(axis=1))


def lost_in(run: Run, track: Track) -> Lost | None:
    """Where a filter is first lost in a track. Only one with a gate rejects readings, or widens its belief."""
    if not run.method.gated(run.model.sensor_names):
        return None
    both = (_rejecting(run, track), _resetting(run, track))
    return min(filter(None, both), key=lambda lost: lost.row, default=None)


def tracks_of(run: Run) -> Iterator[Track]:
    """The tracks of a run, one after another."""
    arrays, sensors = run._arrays, run.model.blocks
    shape = (-1, len(arrays.dt))
    z, e = (a.reshape(*shape, len(run.model.components)) for a in (run._received, run.innovation))
    status = run.status.reshape(shape)
    std = run.filtered.std.reshape(*shape, len(run.model.state))
    firsts = np.zeros(1, np.int64) if arrays.first is None else arrays.first
    ends = [*firsts.tolist(), len(arrays.dt)]
    for k in range(len(z)):
        gated = (status[k] & Status.GATED) != 0
        came = np.stack([~np.isnan(z[k][:, at]).all(axis=1) for _, at in sensors], axis=1)
        used = np.stack([~np.isnan(e[k][:, at]).all(axis=1) for _, at in sensors], axis=1)
        names = run.method.gated(run.model.sensor_names)
        may = np.array([sensor.name in names for sensor, _ in sensors])
        rejected = came & ~used & gated[:, None] & may
        reset = (status[k] & Status.RESET) != 0
        for first, end in pairwise(ends):
            at = slice(first, end)
            rows = k * len(arrays.dt) + np.arange(at.start, at.stop)
            yield Track(rows, came[at], rejected[at], reset[at], std[k][at])


def stretch(rejected: Mask) -> tuple[float, int, int]:
    """The largest sum in any stretch of +1 if rejected and -2 if not, and the stretch's first and last index."""
    if not len(rejected):
        return 0.0, 0, 0
    sums = np.concatenate([[0.0], np.cumsum(np.where(rejected, 1.0, -2.0))])
    rises = sums - np.minimum.accumulate(sums)
    last = int(np.argmax(rises))
    first = int(np.argmin(sums[: last + 1]))
    return float(rises[last]), first, max(last - 1, 0)


def _rejecting(run: Run, track: Track) -> Lost | None:
    """LOST if in a stretch most of all readings, or of one sensor that alone sees some state, were rejected."""
    rows = np.flatnonzero(track.came.any(axis=1))
    came, rejected = track.came[rows].sum(axis=1), track.rejected[rows].sum(axis=1)
    score, first, last = stretch(np.asarray(2 * rejected > came))
    if score >= _STRETCH:
        at = slice(first, last + 1)
        return _lost(run, track, rows[at], int(rejected[at].sum()), int(came[at].sum()), "")
    for k, sensor in enumerate(run.model.sensors):
        rows = np.flatnonzero(track.came[:, k])
        score, first, last = stretch(track.rejected[rows, k])
        if score < _STRETCH:
            continue
        before, during = track.std[max(int(rows[first]) - 1, 0)], track.std[rows[first] : rows[last] + 1]
        if (np.median(during, axis=0) > _WIDER * before).any():
            at = slice(first, last + 1)
            count = int(track.rejected[rows[at], k].sum())
            return _lost(run, track, rows[at], count, last + 1 - first, sensor.name)
    return None


def _lost(run: Run, track: Track, rows: NDArray[np.int64], count: int, size: int, sensor: str) -> Lost:
    """Lost in rows in which `count` of `size` readings, of all sensors or of one, were rejected."""
    first, last = int(rows[0]), int(rows[-1])
    end = "the end" if last == len(track.rows) - 1 else where(run, track.rows[last])
    reason = (
        f"it rejected {count} of {size} readings{f' of {sensor}' if sensor else ''} there, and followed its motion "
        "instead"
    )
    remedy = (
        "See what came before that row. If readings have outliers, try student=4 with gate=0.999999; if the state "
        "jumps, recover=; and check Q and the start."
    )
    rows_text = f"{where(run, track.rows[first])} to {end}"
    return Lost(rows_text, reason, remedy, sensor or "motion", count / size, 2.0 / 3.0, first)


def _resetting(run: Run, track: Track) -> Lost | None:
    """LOST if the belief was widened again and again, each time before it had settled."""
    rows = np.flatnonzero(track.reset)
    accepted = np.cumsum((track.came & ~track.rejected).sum(axis=1))
    enough = (_RESETS - 1) * len(run.method.gated(run.model.sensor_names)) + 1
    begins = np.flatnonzero(np.diff(accepted[rows], prepend=-np.inf) > _SETTLED)
    for first, end in pairwise([*begins.tolist(), len(rows)]):
        if end - first >= enough:
            reason = (
                f"its belief was widened {end - first} times up to {where(run, track.rows[rows[end - 1]])}, each time "
                "before it had settled (RESET)"
            )
            remedy = (
                "Readings do not agree with each other, or with the model, for longer than recover=: raise it or leave "
                "it out, and try student=4 with gate=0.999999."
            )
            rows_text = f"{where(run, track.rows[rows[first]])} on"
            numbers = float(end - first), float(enough - 1), int(rows[first])
            return Lost(rows_text, reason, remedy, "motion", *numbers)
    return None


def _running_away(run: Run, track: Track, open_loop: Callable[[], Floats]) -> Finding | None:
    """DIVERGED if a state is far less certain than without any reading; open_loop: how certain it would be then."""
    usual = np.median(track.std, axis=0)
    with np.errstate(invalid="ignore"):
        suspect = track.std > _BEYOND * usual
    if not suspect.any() or run.method.directions:
        return None
    free = open_loop().reshape(-1, track.std.shape[1])[track.rows]
    with np.errstate(invalid="ignore"):
        beyond = suspect & (track.std > _BEYOND * free)
    score, row, _ = stretch(np.asarray(beyond.any(axis=1)))
    if score < _LASTING:
        return None
    state = int(np.argmax(beyond[row]))
    name, factor = run.model.state[state], track.std[row, state] / free[row, state]
    sentence = (
        f"{name} diverges from {where(run, track.rows[row])} on: its standard deviation is "
        f"{track.std[row, state]:.3g}, {factor:.3g}x what it would be without any reading. Readings that widen a "
        "belief contradict the model: check measure and its angles, leave recover= out, or use fog.EKF() where sigma "
        "points reach too far."
    )
    return Finding(Code.DIVERGED, name, float(factor), 0.0, _BEYOND, float(row), np.nan, sentence)


def _without_readings(run: Run) -> Floats:
    """The standard deviations (tracks, T, n) of the same filter if nothing is read."""
    from foglight.diagnostics.check.gated_readings import ungated

    method, arrays = ungated(run)
    method = method.with_guards(huber=None, student=None)
    arrays = replace(arrays, z=np.full(arrays.z.shape, np.nan))
    engine = engine_of(run.model, method, "result")
    std: Floats = Run(run.model, run.log, method, engine, arrays, *engine.run(arrays)).filtered.std
    return std


def _far_outside(run: Run, tracks: list[Track]) -> list[tuple[int, Finding]]:
    """DIVERGED, by row, at the first rejected reading of each sensor that the state is far outside all readings of."""
    found: list[tuple[int, Finding]] = []
    rejected = [track for track in tracks if track.rejected.any()]
    if not rejected or run.method.directions:
        return found
    width = len(run.model.components)
    z = run._received.reshape(-1, width)
    with np.errstate(invalid="ignore"):
        low, high = (
            np.nanmin(np.where(np.isfinite(z), z, np.inf), axis=0),
            np.nanmax(np.where(np.isfinite(z), z, -np.inf), axis=0),
        )
    for track in rejected:
        rows = np.flatnonzero(track.rejected.any(axis=1))
        h, S = predicted_readings(run, track.rows[rows])
        for k, (sensor, at) in enumerate(run.model.blocks):
            straight = np.array([name not in sensor.angles for name in sensor.measures])
            noise = np.sqrt(np.abs(np.nanmin(S[sensor.name].diagonal(axis1=1, axis2=2), axis=0)))
            margin = _RANGES * (high[at] - low[at]) + _DEVIATIONS * noise
            value = h[sensor.name]
            away = np.maximum(low[at] - value, value - high[at]) - margin
            outside = (away > 0.0) & straight & track.rejected[rows, k][:, None]
            score, j, _ = stretch(outside.any(axis=1))
            if score >= _LASTING:
                i = int(np.argmax(outside[j]))
                name = f"{sensor.name}.{sensor.measures[i]}"
                sentence = (
                    f"the state is far outside all readings from {where(run, track.rows[rows[j]])} on: it predicts "
                    f"{name} = {value[j, i]:.6g}, and all readings are from {low[at][i]:.6g} to {high[at][i]:.6g}. The "
                    "gate then rejects what would bring it back: try student=4 with gate=0.999999; and check the start "
                    "and Q."
                )
                bounds = float(low[at][i]), float(high[at][i])
                found.append((
                    int(track.rows[rows[j]]),
                    Finding(Code.DIVERGED, name, float(value[j, i]), *bounds, float(rows[j]), np.nan, sentence),
                ))  # fmt: skip
    return sorted(found, key=lambda one: one[0])


def predicted_readings(run: Run, rows: NDArray[np.int64]) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """h (k, m) and S (k, m, m) of each sensor at the filtered beliefs of these rows, numbered over all tracks."""
    arrays, T = run._arrays, len(run._arrays.dt)
    track, at = rows // T, rows % T

    def taken(a: Any) -> Any:
        return a[np.minimum(track, len(a) - 1), at][None]

    records = run._kept[track, at][None]
    beliefs = records[..., : belief_size(len(run.model.state))]
    scales = adaptation.recorded(run.model, run.method, records, len(run._engine.kernel.carry))
    given = Arrays(
        arrays.dt[at],
        taken(arrays.u),
        taken(arrays.row),
        np.concatenate([beliefs, scales], axis=2).astype(float),
        arrays.params,
        np.zeros((1, 2)),
    )
    moments = moments_of(readings_engine(run.model, run.method).run(given)[1][0], run.model)
    return {name: h for name, (h, _) in moments.items()}, {name: S for name, (_, S) in moments.items()}


def where(run: Run, row: int) -> str:
    """A row, numbered over all tracks, in words."""
    arrays, T = run._arrays, len(run._arrays.dt)
    return arrays.rows.where(int(row) % T, str(int(row) // T) if arrays.tracks > 1 else "")
