"""Many series in Dask: each partition of sorted rows goes through `fog.batches`; needs the extra `dask`.

A worker process compiles the model once, whatever the number of its tasks. A task that is run again gives the same
bits.
"""

from typing import Any

import pyarrow as pa
from dask.base import normalize_token
from dask.dataframe import DataFrame

from foglight.adapters.row_order import row_order
from foglight.inference.batches.batches import batches as of_batches
from foglight.methods.method import Method
from foglight.model.model import Model


def batches(
    model: Model,
    frame: DataFrame,
    method: Method | None = None,
    *,
    by: str = "series_id",
    time: str = "time",
    **options: Any,
) -> DataFrame:
    """Filter, smooth or sum up the series in a dataframe of Dask, whose rows may be in any order.

    The rows are shuffled by series, and sorted by series and time in each partition. Rows of one series and one time
    are in the order of their other columns.

    Parameters
    ----------
    model : Model
        The model of each series. Functions that no module has by name travel by cloudpickle.
    frame : dask.dataframe.DataFrame
        The rows: the columns `by` and `time`, and one for each measurement and control.
    method : KF, EKF, UKF or CKF, default EKF()
        The equations, with their options.
    by, time : str, default "series_id" and "time"
        The columns with the name of each row's series and with its time.
    **options
        unit, ignore, output and on_error of `fog.batches`. With on_error="flag" the job goes on where a series cannot
        be filtered, and its rows say why.

    Returns
    -------
    dask.dataframe.DataFrame
        The results, as of `fog.batches`; computed when Dask is asked for them.

    Raises
    ------
    DataError
        If a column is absent.

    Examples
    --------
    >>> from foglight.adapters import dask as engine  # doctest: +SKIP
    >>> engine.batches(model, dask.dataframe.read_parquet("logs/")).to_parquet("estimates/")  # doctest: +SKIP
    """
    order = row_order(list(frame.columns), by, time)
    given = options | {"by": by, "time": time, "threads": 1}
    meta = _filtered(frame._meta, model, method, given, order)
    return frame.shuffle(on=by).map_partitions(_filtered, model, method, given, order, meta=meta)


def _filtered(
    rows: Any, model: Model, method: Method | None, options: dict[str, Any], order: list[str]
) -> Any:
    """The results of one partition."""
    rows = rows.sort_values(order, kind="stable", na_position="last")
    table = pa.Table.from_pandas(rows, preserve_index=False)
    return of_batches(model, table, method, **options).read_all().to_pandas()


def _token(model: Model) -> tuple[Any, ...]:
    """What Dask names its tasks by: models of one token give the same results. Compiled kernels cannot be hashed."""
    known = () if model.start is None else (model.start.mean, *model.start.factor, model.start.unknown)
    return ("foglight", *model.kernels.__reduce__()[1], list(model.parameters.items()), *known)


normalize_token.register(Model, _token)
