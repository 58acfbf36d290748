"""The numbers of one row of a run, for the table that a click on a picture opens."""

from typing import Any

import numpy as np

from foglight.core.errors import status_text
from foglight.core.types import Array
from foglight.inference.run import Run
from foglight.pictures.plot.results import named, unit_of


def row_numbers(run: Run, k: int) -> dict[str, Any]:
    """Prediction and belief of each state, and reading, innovation, S and gain of each component, in row k.

    A number that does not exist, such as the innovation of a reading that was not used, is None.
    """
    model = run.model
    predicted, filtered = named(run.predicted), named(run.filtered)
    states = [
        {
            "name": name,
            "unit": unit_of(model, name),
            "predicted": _of(predicted[name][0], k),
            "predicted_std": _of(predicted[name][1], k),
            "filtered": _of(filtered[name][0], k),
            "filtered_std": _of(filtered[name][1], k),
        }
        for name in filtered
    ]
    components = [
        {
            "name": name,
            "unit": unit_of(model, name),
            "reading": _of(run._received[:, j], k),
            "innovation": _of(run.innovation[:, j], k),
            "S": [_number(s) for s in run.innovation_cov[k, j]],
            "gain": [_number(g) for g in run.gain[k, :, j]],
        }
        for j, name in enumerate(model.components)
    ]
    return {
        "row": k,
        "time": float(run.time[k]),
        "status": status_text(int(run.status[k])),
        "nis": _of(run.nis, k),
        "loglik": _of(run.row_loglik, k),
        "gain_of": list(model.state),
        "states": states,
        "components": components,
    }


def _of(values: Array | None, k: int) -> float | None:
    return None if values is None else _number(values[k])


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
