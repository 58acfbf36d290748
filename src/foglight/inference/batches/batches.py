"""`fog.batches`: many series as a stream of record batches, with bounded memory."""

from collections.abc import Collection, Iterator
from typing import Any

from foglight.compiler.engine.cache import engine_of
from foglight.core.checks import one_of
from foglight.core.errors import ModelError
from foglight.core.threads import at_most
from foglight.data.arrow import pyarrow
from foglight.data.readers.options import reading
from foglight.inference.batches.order import Order
from foglight.inference.batches.output import RowOutput, row_names
from foglight.inference.batches.rows import Rows
from foglight.inference.batches.scan import Scan
from foglight.inference.batches.source import Source
from foglight.inference.batches.summary import SummaryOutput
from foglight.inference.batches.whole_series import WholeSeries
from foglight.methods import registry
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.model import Model

_ROWS, _FEWEST = 131_072, 256  # at a time
_BYTES = 1 << 26  # about what these rows may take, if they are wide


def batches(
    model: Model,
    reader: Any,
    method: Method | None = None,
    *,
    by: str = "series_id",
    time: str = "time",
    unit: str = "s",
    ignore: Collection[str] = (),
    output: str = "filtered",
    on_error: str = "raise",
    threads: int | None = None,
) -> Any:
    """Filter, smooth or sum up any number of series that come as a stream of Arrow record batches.

    Batches go out as they come in: a few tens of thousands of rows are in memory at a time, however many series there
    are and however long they get. Each series gives the same bits as `fog.run` gives it alone.

    Parameters
    ----------
    model : Model
        The model of each series, with the same parameters and the same start for all.
    reader : stream of record batches
        Whatever hands over Arrow: a Table, RecordBatch or RecordBatchReader of pyarrow, a dataframe of polars or
        pandas, a relation of DuckDB; or an iterable of such batches, such as `pq.ParquetFile(path).iter_batches()`. The
        rows of a series must be together and in time order, as after ORDER BY series_id, time.
    method : KF, EKF, UKF or CKF, default EKF()
        The equations, with their options.
    by, time : str, default "series_id" and "time"
        The columns with the name of each row's series, strings or integers, and with its time: numbers in `unit`, or
        dates. All other columns are measurements or controls of the model, null or NaN where missing.
    unit : str, default "s"
        What a numeric time counts: "s", "ms", "us" or "ns".
    ignore : collection of str, default ()
        Columns that are neither. * stands for any text.
    output : {"filtered", "smoothed", "summary"}, default "filtered"
        A row for each row, in the same order: the names and times as they came, each state and its standard deviation,
        nis and loglik unless smoothed, and status, as in `Run.columns`. Or a row for each series, once it has ended:
        the time of its last row, rows, readings (components used), log_likelihood, mean_nis (of each reading; 1 if the
        model is right), each state and its standard deviation after the last row, status (of all rows) and message.
    on_error : {"raise", "flag"}, default "raise"
        What to do with a row that is out of order or cannot be computed: raise, or go on without it. Then the status of
        a row that is left out is "REFUSED", its numbers are NaN, and a further column `message` says why; a step that
        cannot be computed is flagged as by `fog.run` with on_bad="flag".
    threads : int, default None
        The most threads to use; None for one for each core of this process. No bit of the result depends on it.

    Returns
    -------
    pyarrow.RecordBatchReader
        The results, computed as they are read, once. It has the `schema`, and can itself be passed on to polars, DuckDB
        or a Parquet writer.

    Raises
    ------
    ModelError
        If an argument is invalid, or the model has matrices for each row.
    DataError
        If pyarrow is not installed; if a column is absent, fits nothing in the model or has a type that cannot be used;
        and while results are read: if the schema changes, a name is null, or a series comes back after it ended. Each
        names the row of the stream.
    TimeError
        While results are read: if a row is earlier than the one before it in its series, or its time is missing.
    NumericalError
        While results are read: if a row cannot be computed.

    Notes
    -----
    With output="smoothed" a series is held in memory until it has ended, since a smoother needs it whole; and so it is
    if the model has interventions, which count its rows. The names of series that have ended are kept, to know when one
    comes back: some 20 bytes each while they ascend.

    Examples
    --------
    >>> import pyarrow as pa
    >>> rows = pa.table({"series_id": ["a", "a", "b"], "time": [0.0, 0.1, 0.0], "radar": [5.2, 5.1, 4.9]})
    >>> fog.batches(model, rows, output="summary").read_all().column("rows").to_pylist()
    [2, 1]
    """
    if not isinstance(model, Model):
        raise ModelError(
            f"batches({type(model).__name__}, …): expected a fog.Model. Write fog.batches(model, reader).",
            field="model", value=type(model).__name__,
        )  # fmt: skip
    pa = pyarrow("fog.batches")
    method = EKF() if method is None else registry.checked(method)
    one_of(output, ("filtered", "smoothed", "summary"), "output")
    one_of(on_error, ("raise", "flag"), "on_error")
    if model.rows:
        name = next(iter(model.rows))
        raise ModelError(
            f"{name} has one entry per row: expected the same matrices for all series. Filter each series with "
            "fog.run and its own model.", field=name, value=len(model.rows[name]),
        )  # fmt: skip
    options, flag = reading(time=time, unit=unit, track=by, ignore=ignore), on_error == "flag"
    with at_most(threads):
        scan = Scan(model, method, flag=flag, smoothed=output == "smoothed")
    source = Source(reader, options, model)
    if source.schema is None:
        schema = pa.schema([(by, pa.string()), (time, pa.float64())])
        return pa.RecordBatchReader.from_batches(_writer(schema, model, method, output, flag).schema, [])
    written = _writer(source.schema, model, method, output, flag)
    stream = _stream(model, method, source, scan, written, output, flag, threads)
    return pa.RecordBatchReader.from_batches(written.schema, stream)


def _writer(schema: Any, model: Model, method: Method, output: str, flag: bool) -> RowOutput | SummaryOutput:
    if output == "summary":
        return SummaryOutput(schema, model)
    return RowOutput(schema, row_names(model, method, output == "smoothed"), flag)


def _stream(
    model: Model,
    method: Method,
    source: Source,
    scan: Scan,
    written: RowOutput | SummaryOutput,
    output: str,
    flag: bool,
    threads: int | None,
) -> Iterator[Any]:
    """The record batches, each computed when it is asked for."""
    n = len(model.state)
    width = 8 * (engine_of(model, method, "result").kernel.width + n * n)
    order = Order(source.options, flag)
    # An intervention counts the rows of its series.
    held = output == "smoothed" or bool(model.interventions)
    whole = WholeSeries(2 * width, str(source.options.track)) if held else None

    def found(rows: Rows | None) -> Iterator[Any]:
        if rows is not None:
            with at_most(threads):
                batch = written.batch(*scan.feed(rows))
            if batch is not None:
                yield batch

    for chunk in source.chunks(max(min(_ROWS, _BYTES // width), _FEWEST), flag):
        rows = order.rows(chunk)
        yield from found(rows if whole is None else whole.ended(rows))
    if whole is not None:
        yield from found(whole.rest())
    if isinstance(written, SummaryOutput):
        last = written.rest()
        if last is not None:
            yield last
