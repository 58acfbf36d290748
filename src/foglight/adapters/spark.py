"""Many series in Spark: each partition of sorted rows goes through `fog.batches`; needs the extra `spark`.

A worker process compiles the model once, whatever the number of its tasks. A task that is run again gives the same
bits.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql.functions import col
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
from pyspark.sql.types import StructType

from foglight.adapters.row_order import row_order
from foglight.adapters.series_states import STATE, advanced, estimates_schema
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
    partitions: int | None = None,
    **options: Any,
) -> DataFrame:
    """Filter, smooth or sum up the series in a dataframe of Spark, whose rows may be in any order.

    The rows are partitioned by series and sorted by series and time in each partition. Rows of one series and one time
    are in the order of their other columns.

    Parameters
    ----------
    model : Model
        The model of each series. Functions that no module has by name travel by cloudpickle.
    frame : DataFrame
        The rows: the columns `by` and `time`, and one for each measurement and control.
    method : KF, EKF, UKF or CKF, default EKF()
        The equations, with their options.
    by, time : str, default "series_id" and "time"
        The columns with the name of each row's series and with its time.
    partitions : int, optional
        How many; default as Spark is set.
    **options
        unit, ignore, output and on_error of `fog.batches`. With on_error="flag" the job goes on where a series cannot
        be filtered, and its rows say why.

    Returns
    -------
    DataFrame
        The results, as of `fog.batches`; computed when Spark asks for them.

    Raises
    ------
    DataError
        If a column is absent.

    Examples
    --------
    >>> from foglight.adapters import spark as engine  # doctest: +SKIP
    >>> engine.batches(model, session.read.parquet("logs/")).write.parquet("estimates/")  # doctest: +SKIP
    """
    order = [col(f"`{name}`").asc_nulls_last() for name in row_order(frame.columns, by, time)]
    given = options | {"by": by, "time": time, "threads": 1}
    number = [] if partitions is None else [partitions]
    sorted_rows = frame.repartition(*number, col(f"`{by}`")).sortWithinPartitions(*order)
    empty = to_arrow_schema(frame.schema).empty_table()
    schema = _schema(frame, of_batches(model, empty, method, **given).schema, by, time)
    return sorted_rows.mapInArrow(partial(_filtered, model, method, given), schema)


def foreach_batch(
    model: Model,
    folder: str,
    method: Method | None = None,
    *,
    by: str = "series_id",
    time: str = "time",
    on_error: str = "raise",
) -> Callable[[DataFrame, int], None]:
    """A function for `writeStream.foreachBatch`: it filters a stream, and keeps the state of each series.

    Batch N reads the states that the batch before it left in `folder/states`, as bytes of `live.dumps`, and writes
    those after it, and the estimates of its rows to `folder/estimates/batch=N`, as Parquet. A batch that is run again
    writes the same. Rows of a series must not be earlier than those of a batch before.

    Parameters
    ----------
    model : Model
        The model of each series.
    folder : str
        Where states and estimates are, on a file system that all workers reach.
    method : KF, EKF, UKF or CKF, default EKF()
        The equations, with their options.
    by, time : str, default "series_id" and "time"
        The columns with the name of each row's series and with its time.
    on_error : {"raise", "flag"}, default "raise"
        As in `fog.batches`.

    Returns
    -------
    callable
        Takes the dataframe and the number of a batch.

    Examples
    --------
    >>> step = engine.foreach_batch(model, "live/")  # doctest: +SKIP
    >>> rows.writeStream.foreachBatch(step).start()  # doctest: +SKIP
    """
    return partial(_step, model, folder.rstrip("/"), method, {"by": by, "time": time, "on_error": on_error})


def _step(
    model: Model, folder: str, method: Method | None, names: dict[str, str], frame: DataFrame, number: int
) -> None:
    """One batch of a stream."""
    by, time = names["by"], names["time"]
    order = row_order(frame.columns, by, time)
    session, key = frame.sparkSession, col(f"`{by}`")
    held = StructType([field for field in frame.schema if field.name == by]).add(STATE, "binary")
    states = session.createDataFrame([], held)
    if number > 0:
        states = session.read.schema(held).parquet(f"{folder}/states/batch={number - 1}")
    empty = to_arrow_schema(frame.schema)
    schema = _schema(frame, estimates_schema(model, empty, names), by, time).add(STATE, "binary")
    function = partial(advanced, model, method, names, order)
    both = frame.groupBy(key).cogroup(states.groupBy(key)).applyInArrow(function, schema).persist()
    try:
        estimates = both.where(col("status").isNotNull()).drop(STATE)
        estimates.write.mode("overwrite").parquet(f"{folder}/estimates/batch={number}")
        after = both.where(col(STATE).isNotNull()).select(key, STATE)
        after.write.mode("overwrite").parquet(f"{folder}/states/batch={number}")
    finally:
        both.unpersist()


def _filtered(
    model: Model, method: Method | None, options: dict[str, Any], rows: Iterator[Any]
) -> Iterator[Any]:
    """The results of one partition."""
    yield from of_batches(model, rows, method, **options)


def _schema(frame: DataFrame, results: Any, by: str, time: str) -> StructType:
    """The schema of the results, with the columns of names and times as the frame has them."""
    fields = {field.name: field for field in frame.schema}
    own = [field for field in from_arrow_schema(results) if field.name not in (by, time)]
    return StructType([fields[by], fields[time], *own])
