"""Whether a log has readings to tune by: some, more than an unknown start takes up, and not all of them equal."""

import numpy as np

from foglight.core.errors import DataError
from foglight.core.text import counted
from foglight.data.description import span_of
from foglight.data.log import Log
from foglight.inference.likelihood import Likelihood
from foglight.inference.short_logs import unknown_states
from foglight.model.model import unknown_directions


def require_readings(likelihood: Likelihood) -> None:
    """DataError if the log has no reading, or none that can be compared with its prediction."""
    model = likelihood.model
    readings, unknown = likelihood.innovations, unknown_directions(model)
    if not readings:
        raise DataError(
            "the log has no reading at all: expected some to tune by. Check its columns.",
            field="log",
            value=0,
        )
    if readings <= unknown and not likelihood.at(likelihood.values).information.any():
        raise DataError(
            f"the log has {counted(readings, 'reading')}{_span(likelihood.logs)}, and the model "
            f"{counted(unknown, 'state')} of which nothing is known at the start ({unknown_states(model)}), so no "
            f"reading is left to tune by: expected more than {unknown}. Record a longer log, or leave states out, such "
            "as a season that is longer than the log.",
            field="log", value=readings,
        )  # fmt: skip


def constant_measures(likelihood: Likelihood) -> list[str]:
    """Each measure that is always the same: "y is 5 in all 40 readings, 2020-01 to 2023-04"."""
    model, found = likelihood.model, []
    z = np.concatenate([np.reshape(log.bind(model), (-1, len(model.components))) for log in likelihood.logs])
    for name, column in zip(model.components, z.T, strict=True):
        values = column[~np.isnan(column)]
        if len(values) > 1 and (values == values[0]).all():
            found.append(f"{name} is {values[0]:.6g} in all {len(values)} readings{_span(likelihood.logs)}")
    return found


def _span(logs: tuple[Log, ...]) -> str:
    """From when to when, if it is one log."""
    if len(logs) > 1:
        return ""
    return f", {span_of(logs[0])}"
