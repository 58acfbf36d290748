"""Series in Spark: a local cluster, shuffled rows, a worker that is killed, and a stream. Needs Java; `make scale`."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import foglight as fog
from scale.warehouse import FLAG, alone, armed, model, same, shuffled

pytest.importorskip("pyspark", reason="the extra spark is not installed")
if shutil.which("java") is None:
    pytest.skip("Java is not installed", allow_module_level=True)

from pyspark.sql import SparkSession

from foglight.adapters import spark as engine

pytestmark = [pytest.mark.campaign, pytest.mark.filterwarnings("ignore")]  # those of Spark are not ours


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    """Two workers, and up to four attempts of each task."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    )
    builder = SparkSession.builder.master("local[2,4]").config("spark.sql.shuffle.partitions", "4")
    found = builder.config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1").getOrCreate()
    found.sparkContext.setLogLevel("OFF")
    yield found
    found.stop()


@pytest.fixture
def rows(session: SparkSession, tmp_path: Path) -> tuple[Any, pa.Table]:
    """A frame of shuffled rows in several files, and the same rows."""
    table = shuffled()
    for k in range(3):
        pq.write_table(table.slice(800 * k, 800), tmp_path / f"{k}.parquet")
    return session.read.parquet(str(tmp_path)), table


def test_each_series_has_the_bits_of_fog_run(rows: tuple[Any, pa.Table]) -> None:
    frame, table = rows
    same(engine.batches(model(), frame).toPandas(), table)


def test_a_worker_that_is_killed_changes_no_bit(rows: tuple[Any, pa.Table]) -> None:
    frame, table = rows
    armed()
    same(engine.batches(model(), frame, partitions=5).toPandas(), table)
    assert not FLAG.exists()  # a worker was killed


def test_lambdas_travel_too(session: SparkSession, rows: tuple[Any, pa.Table]) -> None:
    frame, table = rows
    radar = fog.Sensor(
        "radar", ("range",), lambda x, p: [x.gap + 0.1 * np.sin(x.gap)], lambda x, p: [[0.8 * 0.8]]
    )
    own = fog.Model(model().motion, [radar], model().start)
    found = engine.batches(own, frame, output="summary").toPandas().set_index("series_id")
    expected = alone(table, "pump 7")
    assert found.loc["pump 7", "log_likelihood"] == expected.loglik and len(found) == 60


def test_a_series_that_cannot_be_filtered_is_a_row(session: SparkSession) -> None:
    table = shuffled(6, 10).to_pandas()
    table.loc[table["series_id"] == "pump 3", "radar"] = np.inf
    frame = session.createDataFrame(table)
    found = (
        engine.batches(model(), frame, output="summary", on_error="flag").toPandas().set_index("series_id")
    )
    assert len(found) == 6
    assert found.loc["pump 3", "status"] != found.loc["pump 2", "status"]
    with pytest.raises(fog.DataError, match=r"by = 'pump': expected one of the columns .*Name it with by="):
        engine.batches(model(), frame, by="pump")


def test_a_stream_goes_on_from_the_states_of_the_batch_before(session: SparkSession, tmp_path: Path) -> None:
    table = shuffled(12, 30)
    step = engine.foreach_batch(model(), str(tmp_path))
    early = pa.compute.less(table["time"], 0.7)
    parts = [table.filter(early), table.filter(pa.compute.invert(early))]
    for number, part in enumerate(parts):
        frame = session.createDataFrame(part.to_pandas())
        step(frame, number)
        first = session.read.parquet(f"{tmp_path}/estimates/batch={number}").toPandas()
        step(frame, number)  # a batch that is run again
        again = session.read.parquet(f"{tmp_path}/estimates/batch={number}").toPandas()
        order = ["series_id", "time", "loglik", "gap"]
        assert first.sort_values(order).values.tobytes() == again.sort_values(order).values.tobytes() or (
            first.sort_values(order).to_csv() == again.sort_values(order).to_csv()
        )
    states = session.read.parquet(f"{tmp_path}/states/batch=1").toPandas().set_index("series_id")
    assert len(states) == 12
    for name in ("pump 0", "pump 7"):
        run, live = alone(table, name), fog.restore(bytes(states.loc[name, "state"]), model())
        assert live.belief.cov.tobytes() == run.belief.cov.tobytes() and live.rows == 30
        assert live.loglik == run.loglik
