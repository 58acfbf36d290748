"""A run as named columns: what `Run.columns` and the command line write."""

from typing import Any

from foglight.core.errors import status_text
from foglight.data.columns import Columns, Numbers, Words, _clock
from foglight.inference.gaussians import _belief_columns


def run_columns(run: Any) -> Columns:
    """Of a `Run`: time, each state and its standard deviation (`gap`, `gap_std`), the scale of each noise that was
    adapted (`gps_noise_scale`), nis, loglik, status.

    No value (an empty cell) means that nothing was measured. The rows of tracks follow one another, named in `track`.
    """
    columns = _clock(run.log) + _belief_columns(run.filtered)
    columns += [(f"{name}_noise_scale", Numbers(scale.ravel())) for name, scale in run.adapted.items()]
    columns.append(("nis", Numbers(run.nis.ravel())))
    columns.append(("loglik", Numbers(run.row_loglik.ravel())))
    columns.append(("status", Words(run.status.ravel(), status_text)))
    return columns
