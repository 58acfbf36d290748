"""A run as named columns: what `Run.columns` and the command line write."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from foglight.core.errors import ModelError, status_text
from foglight.core.types import Array
from foglight.data.columns import Columns, Numbers, Words, clock, table_of
from foglight.data.table import Table
from foglight.inference.gaussians import _belief_columns

Which = str | Iterable[str] | None  # names of column groups


class RunTable(Table):
    """The tables of a run."""

    def columns(self, which: Which = None) -> dict[str, Array]:
        """The main results as named columns, one entry per row of the log, or those that are chosen.

        Parameters
        ----------
        which : str or sequence of str, default None
            Groups of columns, of "filtered" (`gap`, `gap_std`), "predicted" (`gap_predicted`, `gap_predicted_std`),
            "reading" (`radar.gap`), "innovation" (`radar.gap_innovation`, `radar.gap_innovation_std`), "gain"
            (`gap_gain_radar.gap`), "noise_scale" (`gps_noise_scale`, where the method adapts it), "nis", "loglik" and
            "status". None for filtered, noise_scale, nis, loglik and status.

        Returns
        -------
        dict of str to ndarray (T,)
            time, then the columns of each group; status is text. Where there are tracks, their rows follow one another,
            and `track` is the first column.

        Raises
        ------
        ModelError
            If two columns would have the same name, or there is no such group.

        Examples
        --------
        >>> list(run.columns(["reading", "innovation", "gain"]))[:3]
        ['time', 'radar.gap', 'radar.gap_innovation']
        """
        return table_of(run_columns(self, which))

    def to_frame(self, library: str | None = None, which: Which = None) -> Any:
        """The main results as a dataframe, or those that are chosen.

        Parameters
        ----------
        library : str, optional
            "pandas", "polars", "pyarrow" or "duckdb"; by default the library that the log came from.
        which : str or sequence of str, default None
            Groups of columns, as in `columns`.

        Returns
        -------
        dataframe
            A dataframe of that library.

        Raises
        ------
        DataError
            If no library is given and the log did not come from a dataframe, or the library is not installed.
        ModelError
            If there is no such group.

        Examples
        --------
        >>> run.to_frame("polars", "predicted").columns
        ['time', 'gap_predicted', 'gap_predicted_std', 'gap_speed_predicted', 'gap_speed_predicted_std']
        """
        return self._framed(lambda: self.columns(which), library)


def run_columns(run: Any, which: Which = None) -> Columns:
    """The columns of a `Run`: its clock, then those of each group.

    No value (an empty cell) means that nothing was measured. The rows of tracks follow one another, named in `track`.
    """
    columns = clock(run.log)
    for name in _MAIN if which is None else [which] if isinstance(which, str) else list(which):
        if name not in _GROUPS:
            raise ModelError.expected("which", name, f"some of {', '.join(_GROUPS)}", "Correct it.")
        columns += _GROUPS[name](run)
    return columns


def _by_component(run: Any, array: Array, ending: str) -> Columns:
    flat = array.reshape(-1, array.shape[-1])
    return [(f"{name}{ending}", Numbers(flat[:, j])) for j, name in enumerate(run.model.components)]


def _innovation(run: Any) -> Columns:
    std = np.sqrt(np.diagonal(run.innovation_cov, axis1=-2, axis2=-1))
    pairs = zip(
        _by_component(run, run.innovation, "_innovation"),
        _by_component(run, std, "_innovation_std"),
        strict=True,
    )
    return [column for pair in pairs for column in pair]


def _gain(run: Any) -> Columns:
    K = run.gain.reshape(-1, *run.gain.shape[-2:])
    return [
        (f"{state}_gain_{name}", Numbers(K[:, i, j]))
        for i, state in enumerate(run.model.state)
        for j, name in enumerate(run.model.components)
    ]


_MAIN = ("filtered", "noise_scale", "nis", "loglik", "status")
_GROUPS: dict[str, Callable[[Any], Columns]] = {
    "filtered": lambda run: _belief_columns(run.filtered),
    "predicted": lambda run: _belief_columns(run.predicted, "_predicted"),
    "reading": lambda run: _by_component(run, run._received, ""),
    "innovation": _innovation,
    "gain": _gain,
    "noise_scale": lambda run: [
        (f"{name}_noise_scale", Numbers(a.ravel())) for name, a in run.adapted.items()
    ],
    "nis": lambda run: [("nis", Numbers(run.nis.ravel()))],
    "loglik": lambda run: [("loglik", Numbers(run.row_loglik.ravel()))],
    "status": lambda run: [("status", Words(run.status.ravel(), status_text))],
}
