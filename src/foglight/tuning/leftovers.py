"""What the best parameters cannot mend: readings that do not belong, and what the checks of the tuned model find."""

from typing import TYPE_CHECKING, Any

import numpy as np

from foglight.core.errors import DataError

if TYPE_CHECKING:
    from foglight.inference.run import Run
    from foglight.tuning.fit import Fit

_NEVER = 1e-9  # as many logs of good readings would have one so far off


def leftovers(fit: "Fit") -> list[str]:
    """Sentences on the logs under the tuned model: each thing once, however many logs have it."""
    from foglight.diagnostics.check.check import LEVEL, check
    from foglight.inference.run import run

    likelihood = fit.objective.likelihood
    logs, method = likelihood.logs, likelihood.method
    outliers: list[tuple[float, int, int]] = []
    found: dict[Any, list[tuple[int, str]]] = {}
    for k, log in enumerate(logs):
        filtered = run(fit.model, log, method, start_time=likelihood.start_time)
        if (strange := _outlier(filtered)) and not method.gate:
            outliers.append((*strange, k))
        try:
            health = check(filtered, level=LEVEL / len(logs))
        except DataError:  # too few readings to say anything
            continue
        for one in health.findings:
            found.setdefault((one.code, one.subject), []).append((k, one.sentence))
    told = []
    if outliers:
        size, row, k = max(outliers)
        bound = "" if method.huber else ", or tune with huber=3, which bounds its pull"
        told.append(
            f"An outlier{_where([k], logs)}: {_place(row, logs[k])} is {size:.3g} standard deviations off, and makes "
            f"the noise larger than that of the other rows. Write NaN for it{bound}."
        )
    for places in found.values():
        where = _where([k for k, _ in places], logs)
        told.append(f"The tuned model still fails its checks{where}: {places[0][1]}")
    return told


def _where(places: list[int], logs: tuple[Any, ...]) -> str:
    if len(logs) == 1:
        return ""
    if len(places) == 1:
        return f", log {places[0] + 1}"
    return f" in {len(places)} of {len(logs)} logs; the first is log {places[0] + 1}"


def _place(row: int, log: Any) -> str:
    return f"row {row}" if log.tracks is None else f"row {row % len(log)} of track {row // len(log)}"


def _outlier(run: "Run") -> tuple[float, int] | None:
    """The distance and the number of the row that is farthest off, if no log of good readings would have such a one."""
    from scipy.special import gammaincc

    nis = np.where(np.isnan(run.nis), 0.0, run.nis).ravel()
    components = np.count_nonzero(~np.isnan(run.innovation), axis=-1).ravel()
    row = int(np.argmax(nis))
    if not nis[row] > 0.0 or gammaincc(0.5 * components[row], 0.5 * nis[row]) * len(nis) > _NEVER:
        return None
    return float(np.sqrt(nis[row])), row
