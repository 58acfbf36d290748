"""Series in Dask: a cluster of processes on this machine, shuffled rows, and a worker that is killed; `make scale`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import foglight as fog
from scale.warehouse import FLAG, armed, model, same, shuffled

pytest.importorskip("distributed", reason="the extra dask is not installed")

import dask.dataframe as dd
from dask.tokenize import tokenize
from distributed import Client, LocalCluster

from foglight.adapters import dask as engine

pytestmark = [pytest.mark.campaign, pytest.mark.filterwarnings("ignore")]  # those of Dask are not ours


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two workers, each a process."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster, Client(cluster) as found:  # fmt: skip
        yield found


@pytest.fixture
def rows(client: Client) -> tuple[Any, pa.Table]:
    """A frame of shuffled rows in several partitions, and the same rows."""
    table = shuffled()
    return dd.from_pandas(table.to_pandas(), npartitions=4, sort=False), table


def test_each_series_has_the_bits_of_fog_run(rows: tuple[Any, pa.Table]) -> None:
    frame, table = rows
    same(engine.batches(model(), frame).compute(), table)


def test_a_model_that_was_run_here_travels_too(rows: tuple[Any, pa.Table]) -> None:
    """Its compiled kernels do not: Dask names tasks by what they are given, and cannot hash them."""
    frame, table = rows
    own = model()
    fog.run(own, fog.Log.from_arrays([0.0, 1.0], radar=[5.0, 5.1]))
    fog.run(own, fog.Log.from_arrays([0.0, 1.0], radar=[5.0, 5.1], track=["a", "b"]))
    same(engine.batches(own, frame).compute(), table)
    wider = own.with_parameters({"radar.std": 1.0})
    assert tokenize(own) == tokenize(own) != tokenize(wider)


def test_a_worker_that_is_killed_changes_no_bit(rows: tuple[Any, pa.Table]) -> None:
    frame, table = rows
    lazy = engine.batches(model(), frame)
    armed()
    same(lazy.compute(), table)
    assert not FLAG.exists()  # a worker was killed


def test_a_series_that_cannot_be_filtered_is_a_row(rows: tuple[Any, pa.Table]) -> None:
    table = rows[1].to_pandas()
    table.loc[table["series_id"] == "pump 3", "radar"] = np.inf
    frame = dd.from_pandas(table, npartitions=3, sort=False)
    found = engine.batches(model(), frame, output="summary", on_error="flag").compute().set_index("series_id")
    assert len(found) == 60
    assert found.loc["pump 3", "status"] != found.loc["pump 2", "status"]
    with pytest.raises(
        fog.DataError, match=r"time = 'when': expected one of the columns .*Name it with time="
    ):
        engine.batches(model(), frame, time="when")
