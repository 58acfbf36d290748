"""Estimates against the truth: errors in units of what the filter says they are.

Errors of successive rows are alike, so N rows count for N/τ of them, τ = 1 + 2 Σ ρ_l the integrated
autocorrelation time of the series that is averaged, summed while pairs of ρ stay positive (Geyer 1992, §3.3).
τ comes from the same errors, and of few independent ones it comes out too small: so a mean is held against Student's t,
with a degree of freedom for four of them, and τ is at least what the model says of it (`trajectory.correlation_times`).
The squares of errors that are alike by ρ are alike by ρ², so the same τ is more than enough for them.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.findings import SMALL, Shares
from foglight.diagnostics.check.health import Code, Finding, Row
from foglight.diagnostics.check.innovations import Innovations, track_of
from foglight.diagnostics.check.statistics import Mean
from foglight.diagnostics.check.trajectory import bound_rows, correlation_times
from foglight.diagnostics.chi_square import student, sum_bounds
from foglight.diagnostics.truth import errors_from, truth_of
from foglight.inference.run import Run
from foglight.inference.smooth import Smoothed

_LONGEST = 2000  # rows over which errors are looked at for likeness
_FEWEST = 10.0  # independent errors below which a state is not judged
_FEWEST_SQUARES = 40.0  # the same of their mean square, whose bounds take the number as known


class ErrorOfState(NamedTuple):
    """One state: its mean error over its std, the bound of that, and the mean square of errors over variances.

    worth: independent errors that the mean is worth.  size: the mean error in the state's own unit.
    """

    name: str
    mean: float
    bound: float
    spread: Mean
    worth: float
    size: float

    @property
    def biased(self) -> bool:
        return abs(self.mean) > self.bound


def state_error(
    name: str, error: Floats, std: Floats, track: NDArray[np.int64], level: float, time: float = 1.0
) -> ErrorOfState | None:
    """From errors (N,) and stds (N,), rows of all tracks one after another; None where nothing is known.

    time: τ as the model has it; where the errors seem to change faster, it counts.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        t = error / std
    known = np.isfinite(t)
    if known.sum() < 2:
        return None
    t, where = t[known], track[known]
    mean = float(t.mean())
    count = len(t) / max(correlation_time(t - mean, where), time)
    bound = student(0.25 * count, level) / np.sqrt(count)
    return ErrorOfState(
        name,
        mean,
        float(bound),
        _spread(t**2, where, level, np.ones(len(t)), time),
        count,
        float(error[known].mean()),
    )


def nees_mean(
    nees: Floats, known: NDArray[np.int64], track: NDArray[np.int64], level: float, time: float = 1.0
) -> Mean:
    """The mean NEES by degree of freedom, of rows (N,) with so many known states; time: τ at least."""
    rows = np.isfinite(nees) & (known > 0)
    if rows.sum() < 2:
        return Mean(np.nan, np.nan, np.nan, 0)
    return _spread(nees[rows] / known[rows], track[rows], level, known[rows].astype(float), time)


def _spread(square: Floats, track: NDArray[np.int64], level: float, dof: Floats, time: float) -> Mean:
    count = len(square) / max(correlation_time(square - square.mean(), track), time)
    worth = max(count * float(dof.mean()), 1.0)
    low, high = sum_bounds(worth, 2.0 * worth, level)
    return Mean(float(square.mean()), low / worth, high / worth, round(worth))


def correlation_time(value: Floats, track: NDArray[np.int64]) -> float:
    """τ >= 1 of a series of mean 0, tracks one after another."""
    n = len(value)
    power = float(np.mean(value * value))
    if power <= 0.0:
        return 1.0
    rho = [1.0]
    for lag in range(1, min(_LONGEST, n // 2)):
        products = value[lag:] * value[:-lag]
        if track[0] != track[-1]:
            products = products[track[lag:] == track[:-lag]]
        if not len(products):
            break
        rho.append(float(products.sum()) / n / power)
        if len(rho) % 2 == 0 and rho[-1] + rho[-2] <= 0.0:
            del rho[-2:]
            break
    return max(1.0, 2.0 * sum(rho) - 1.0) if rho else 1.0


def against(
    run: "Run",
    found: Innovations,
    smoothed: "Smoothed | None",
    truth: Any,
    shares: Shares,
    known_already: bool,
) -> tuple[list[Row], list[Finding], list[str]]:
    """Lines of the table, findings where the innovations had none, and notes."""
    beliefs = run.filtered if smoothed is None else smoothed
    what = "NEES" if smoothed is None else "smoothed NEES"
    errors = errors_from(beliefs, run.model, truth_of(truth, run.model, run.log))
    nees, known = errors.nees, errors.known
    n = len(run.model.state)
    error, std, track = errors.error.reshape(-1, n), beliefs.std.reshape(-1, n), track_of(run._arrays)
    rows: list[Row] = []
    findings: list[Finding] = []
    notes: list[str] = []
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
        count = round(shown.worth)
        bound = shown.bound if shown.worth >= _FEWEST else np.nan
        rows.append(Row("mean error / std", name, shown.mean, -bound, bound, count))
        rows.append(
            Row(what, name, shown.spread.value, shown.spread.low, shown.spread.high, shown.spread.dof)
        )
        if judged.worth < _FEWEST:
            notes.append(
                f"errors of {name} are worth {judged.worth:.0f} independent ones only: they are not judged."
            )
        elif judged.biased and abs(judged.mean) > SMALL:
            biased.append((abs(judged.mean) / judged.bound, judged))
        elif (
            min(judged.worth, judged.spread.dof) >= _FEWEST_SQUARES
            and not judged.spread.inside
            and abs(np.log(judged.spread.value)) > 2.0 * SMALL
        ):
            wide.append((abs(np.log(judged.spread.value)), judged))
    rows += bound_rows(run, found, errors.error)
    if known_already:
        return rows, findings, notes
    for _, state in sorted(biased, key=lambda pair: -pair[0])[:1]:
        high = "high" if state.size > 0 else "low"
        sentence = (
            f"estimates of {state.name} are {abs(state.size):.3g} too {high} on average ({abs(state.mean):.2g} of "
            f"their std, within {state.bound:.2g} if right), which no innovation shows: look for an offset that all "
            "sensors of it share, or of the start."
        )
        findings.append(
            Finding(
                Code.BIAS, state.name, state.mean, -state.bound, state.bound, state.size, np.nan, sentence
            )
        )
    if not biased:
        for _, state in sorted(wide, key=lambda pair: -pair[0])[:1]:
            factor = float(np.sqrt(state.spread.value))
            small = factor > 1.0
            seen, ratio = state.spread, factor if small else 1.0 / factor
            sentence = (
                f"errors of {state.name} are {ratio:.2g}x {'larger' if small else 'smaller'} than the filter says "
                f"(NEES {seen.value:.2g} in [{seen.low:.2g}, {seen.high:.2g}]), which no innovation shows: "
                f"{'raise' if small else 'lower'} the process noise that drives {state.name}."
            )
            code = Code.Q_SMALL if small else Code.Q_LARGE
            findings.append(
                Finding(
                    code,
                    state.name,
                    state.spread.value,
                    state.spread.low,
                    state.spread.high,
                    factor,
                    np.nan,
                    sentence,
                )
            )
    return rows, findings, notes
