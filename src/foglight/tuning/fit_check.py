"""The check of a tuned model on the logs that it was tuned on: what no choice of its parameters can mend."""

from typing import Any

import numpy as np

from foglight.core.errors import DataError
from foglight.diagnostics.check.check import LEVEL, check
from foglight.diagnostics.check.effort import RowCount
from foglight.diagnostics.check.health import Health
from foglight.inference.run import Run, run
from foglight.tuning.objective import Progress
from foglight.tuning.optimum import Optimum

_NEVER = 1e-9  # the expected number of logs of good readings with one so far off


class FitCheck:
    """A tuned model, checked on its logs, as `Fit.check` returns it; prints as one sentence a line.

    Attributes
    ----------
    ok : bool
        Whether there is nothing to say.
    sentences : list of str
        An outlier, and what `fog.check` finds in the tuned model, each once for all logs.
    healths : list of Health or None
        The result of `fog.check` for each log; None for a log with too few readings.

    Examples
    --------
    >>> fog.tune(model, log).check().ok
    True
    """

    def __init__(self, sentences: list[str], healths: list[Health | None]) -> None:
        self.sentences = sentences
        self.healths = healths

    @property
    def ok(self) -> bool:
        """Whether there is nothing to say."""
        return not self.sentences

    def __str__(self) -> str:
        if self.ok:
            return "OK: nothing speaks against the tuned model."
        return "\n".join(f"- {sentence}" for sentence in self.sentences)

    __repr__ = __str__


def checked(fit: Optimum, effort: str, progress: Progress | None) -> FitCheck:
    """Outliers and findings of `check` in the logs under the tuned model. All logs together keep the level."""
    likelihood = fit.objective.likelihood
    logs, method, rows_done = likelihood.logs, likelihood.method, RowCount(progress)
    # A sensor of one component is named by itself or by that component.
    only = {f"{s.name}.{s.measures[0]}": s.name for s in fit.model.sensors if len(s.measures) == 1}
    outliers: list[tuple[float, int, int]] = []
    found: dict[Any, list[tuple[int, str]]] = {}
    healths: list[Health | None] = []
    for k, log in enumerate(logs):
        filtered = run(fit.model, log, method, start_time=likelihood.start_time)
        if (outlier := _outlier(filtered)) and not method.gate:
            outliers.append((*outlier, k))
        before = rows_done.rows

        def report(rows: int, before: int = before) -> None:
            rows_done(before + rows - rows_done.rows)

        try:
            health = check(filtered, level=LEVEL / len(logs), effort=effort, progress=report)
        except DataError:  # too few readings to check
            healths.append(None)
            continue
        healths.append(health)
        for one in health.findings:
            found.setdefault((one.code, only.get(one.subject, one.subject)), []).append((k, one.sentence))
    sentences = []
    if outliers:
        size, row, k = max(outliers)
        bound = "" if method.huber or method.student else ", or tune with huber=3, which bounds its influence"
        harm = (
            "" if method.student else ", and inflates the estimated noise"
        )  # of a Student-t it counts next to nothing
        sentences.append(
            f"An outlier{_in_logs([k], logs)}: {_row_text(row, logs[k])} is {size:.3g} standard deviations off{harm}. "
            f"Replace it by NaN{bound}."
        )
    for occurrences in found.values():
        numbers = [k for k, _ in occurrences]
        sentences.append(
            f"The tuned model still fails its checks{_in_logs(numbers, logs)}: {occurrences[0][1]}"
        )
    return FitCheck(sentences, healths)


def _in_logs(numbers: list[int], logs: tuple[Any, ...]) -> str:
    """Which of several logs are concerned, in words; nothing if there is one log."""
    if len(logs) == 1:
        return ""
    if len(numbers) == 1:
        return f", log {numbers[0] + 1}"
    return f" in {len(numbers)} of {len(logs)} logs; the first is log {numbers[0] + 1}"


def _row_text(row: int, log: Any) -> str:
    return f"row {row}" if log.tracks is None else f"row {row % len(log)} of track {row // len(log)}"


def _outlier(run: Run) -> tuple[float, int] | None:
    """√NIS and the number of the row with the largest one, if it is too large for any log of good readings."""
    from scipy.special import gammaincc

    nis = np.where(np.isnan(run.nis), 0.0, run.nis).ravel()
    components = np.count_nonzero(~np.isnan(run.innovation), axis=-1).ravel()
    row = int(np.argmax(nis))
    if not nis[row] > 0.0 or gammaincc(0.5 * components[row], 0.5 * nis[row]) * len(nis) > _NEVER:
        return None
    return float(np.sqrt(nis[row])), row
