"""Estimates against the truth: errors in units of the standard deviations that the filter states.

Errors of successive rows are correlated, so N rows count for N/τ independent errors, with τ = 1 + 2 Σ ρ_l the
integrated autocorrelation time of the averaged series, summed while pairs of ρ stay positive (Geyer 1992, §3.3).
τ is estimated from the same errors, and from few independent ones it comes out too small. So a mean is tested by
Student's t with one degree of freedom for four of them, and τ is at least what the model predicts
(`trajectory.correlation_times`). Squares of errors with correlation ρ have correlation ρ², so the same τ is safe for
them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.text import counted
from foglight.core.types import Floats
from foglight.diagnostics.check.correlations import correlation_time
from foglight.diagnostics.check.findings import SMALL, Shares
from foglight.diagnostics.check.health import Code, Finding, Row
from foglight.diagnostics.check.innovations import Innovations, track_of
from foglight.diagnostics.check.statistics import Mean
from foglight.diagnostics.check.trajectory import bound_rows, correlation_times
from foglight.diagnostics.chi_square import student, sum_bounds
from foglight.diagnostics.truth import errors_from, rows_with
from foglight.inference.run import Run
from foglight.inference.smooth import Smoothed

_FEWEST = 10.0  # independent errors below which a state is not judged
_FEWEST_SQUARES = 40.0  # the same for their mean square, whose bounds take this number as known


class ErrorOfState(NamedTuple):
    """The errors of one state: the mean of error over std, its bound, and the mean square of error over std.

    independent: the number of independent errors that the rows are equivalent to.  size: the mean error in the state's
    own unit.
    """

    name: str
    mean: float
    bound: float
    spread: Mean
    independent: float
    size: float

    @property
    def biased(self) -> bool:
        """Whether the mean error is significant."""
        return abs(self.mean) > self.bound


def state_error(
    name: str, error: Floats, std: Floats, track: NDArray[np.int64], level: float, time: float = 1.0
) -> ErrorOfState | None:
    """From errors (N,) and stds (N,), rows of all tracks one track after another; None if fewer than two are known.

    time: the least τ, in rows.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        t = error / std
    known = np.isfinite(t)
    if known.sum() < 2:
        return None
    t, of_track = t[known], track[known]
    mean = float(t.mean())
    count = len(t) / max(correlation_time(t - mean, of_track), time)
    bound = student(0.25 * count, level) / np.sqrt(count)
    return ErrorOfState(
        name,
        mean,
        float(bound),
        _spread(t**2, of_track, level, np.ones(len(t)), time),
        count,
        float(error[known].mean()),
    )


def nees_mean(
    nees: Floats, known: NDArray[np.int64], track: NDArray[np.int64], level: float, time: float = 1.0
) -> Mean:
    """The mean NEES (N,) per degree of freedom; known (N,): the number of known states.  time: the least τ."""
    rows = np.isfinite(nees) & (known > 0)
    if rows.sum() < 2:
        return Mean(np.nan, np.nan, np.nan, 0)
    return _spread(nees[rows] / known[rows], track[rows], level, known[rows].astype(float), time)


def _spread(square: Floats, track: NDArray[np.int64], level: float, dof: Floats, time: float) -> Mean:
    """The mean square with the bounds of χ² with as many degrees of freedom as there are independent errors."""
    count = len(square) / max(correlation_time(square - square.mean(), track), time)
    total = max(count * float(dof.mean()), 1.0)
    low, high = sum_bounds(total, 2.0 * total, level)
    return Mean(float(square.mean()), low / total, high / total, round(total))


def against_truth(
    run: "Run",
    found: Innovations,
    smoothed: "Smoothed | None",
    states: Floats,
    shares: Shares,
    explained: bool,
) -> tuple[list[Row], list[Finding], list[str]]:
    """Lines of the table, findings unless the innovations have explained the errors already, and notes."""
    beliefs = run.filtered if smoothed is None else smoothed
    what = "NEES" if smoothed is None else "smoothed NEES"
    errors = errors_from(beliefs, run.model, states)
    nees, known = errors.nees, errors.known
    n = len(run.model.state)
    error, std, track = errors.error.reshape(-1, n), beliefs.std.reshape(-1, n), track_of(run._arrays)
    with_truth, every = rows_with(states), known.size
    rows = [Row("rows with truth", "all", with_truth / every, np.nan, np.nan, with_truth)]
    findings: list[Finding] = []
    notes: list[str] = []
    if with_truth < every:
        notes.append(f"{with_truth} of {counted(every, 'row')} have truth; errors are those of these rows.")
    of_first = errors.error[0] if errors.error.ndim == 3 else errors.error
    times = correlation_times(run, np.isfinite(of_first))
    total = nees_mean(nees.ravel(), known.ravel(), track, shares.level, float(times.max()))
    if total.dof:
        rows.append(Row(f"{what} per state", "all", total.value, total.low, total.high, total.dof))
    level = shares.truth / (2 * n + 1)
    biased, wide = [], []
    for i, name in enumerate(run.model.state):
        shown = state_error(name, error[:, i], std[:, i], track, shares.level, times[i])
        judged = state_error(name, error[:, i], std[:, i], track, level, times[i])
        if shown is None or judged is None:
            continue
        count = round(shown.independent)
        bound = shown.bound if shown.independent >= _FEWEST else np.nan
        rows.append(Row("mean error / std", name, shown.mean, -bound, bound, count))
        rows.append(
            Row(what, name, shown.spread.value, shown.spread.low, shown.spread.high, shown.spread.dof)
        )
        if judged.independent < _FEWEST:
            notes.append(
                f"errors of {name} are equivalent to only {judged.independent:.0f} independent ones: too few to judge."
            )
        elif judged.biased and abs(judged.mean) > SMALL:
            biased.append((abs(judged.mean) / judged.bound, judged))
        elif (
            min(judged.independent, judged.spread.dof) >= _FEWEST_SQUARES
            and not judged.spread.inside
            and abs(np.log(judged.spread.value)) > 2.0 * SMALL
        ):
            wide.append((abs(np.log(judged.spread.value)), judged))
    rows += bound_rows(run, found, errors.error)
    if explained:
        return rows, findings, notes
    for _, state in sorted(biased, key=lambda pair: -pair[0])[:1]:
        high = "high" if state.size > 0 else "low"
        sentence = (
            f"estimates of {state.name} are {abs(state.size):.3g} too {high} on average ({abs(state.mean):.2g} of "
            f"their std, within {state.bound:.2g} if right), which no innovation shows: look for an offset common to "
            "all its sensors, or in the start."
        )
        bounds = -state.bound, state.bound
        findings.append(Finding(Code.BIAS, state.name, state.mean, *bounds, state.size, np.nan, sentence))
    if not biased:
        for _, state in sorted(wide, key=lambda pair: -pair[0])[:1]:
            factor = float(np.sqrt(state.spread.value))
            small = factor > 1.0
            nees_of, ratio = state.spread, factor if small else 1.0 / factor
            sentence = (
                f"errors of {state.name} are {ratio:.2g}x {'larger' if small else 'smaller'} than the filter states "
                f"(NEES {nees_of.value:.2g} in [{nees_of.low:.2g}, {nees_of.high:.2g}]), which no innovation shows: "
                f"{'raise' if small else 'lower'} the process noise that drives {state.name}."
            )
            code = Code.Q_SMALL if small else Code.Q_LARGE
            statistic = nees_of.value, nees_of.low, nees_of.high
            findings.append(Finding(code, state.name, *statistic, factor, np.nan, sentence))
    return rows, findings, notes
