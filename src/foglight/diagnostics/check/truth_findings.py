"""What the truth adds: errors against what the filter says of them, by state and together."""

from typing import TYPE_CHECKING, Any

import numpy as np

from foglight.diagnostics.check.against_truth import nees_mean, state_error
from foglight.diagnostics.check.findings import SMALL, Shares
from foglight.diagnostics.check.health import Code, Finding, Row
from foglight.diagnostics.check.innovations import Innovations, track_of
from foglight.diagnostics.check.trajectory import bound_rows, correlation_times
from foglight.diagnostics.truth import errors_from, truth_of

if TYPE_CHECKING:
    from foglight.inference.run import Run
    from foglight.inference.smooth import Smoothed

_FEWEST = 10.0  # independent errors below which a state is not judged
_FEWEST_SQUARES = 40.0  # the same of their mean square, whose bounds take the number as known


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
