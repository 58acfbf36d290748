"""`foglight run --by`: a folder of shuffled Parquet files gives the estimates of each series alone."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli.main import main
from foglight.model import model_file

pytest.importorskip("duckdb", reason="the extra duckdb is not installed")

TABLE = pa.table({
    "pump": ["b", "a", "b", "a", "c"],
    "time": [0.1, 0.2, 0.0, 0.1, 3.0],
    "radar": [5.3, 5.1, 4.9, None, 5.0],
})  # fmt: skip


@pytest.fixture
def pumps(folder: Path) -> Path:
    """The working folder, with a folder of Parquet files."""
    (folder / "pumps").mkdir()
    pq.write_table(TABLE.slice(0, 2), folder / "pumps" / "1.parquet")
    pq.write_table(TABLE.slice(2), folder / "pumps" / "2.parquet")
    return folder


def run(*words: str) -> tuple[int, str]:
    found = CliRunner().invoke(main, ["run", "model.toml", *words])
    return found.exit_code, found.output


@pytest.mark.parametrize("out", ["out.parquet", "out.csv"])
def test_a_folder_of_files(pumps: Path, out: str) -> None:
    code, said = run("pumps", "-o", out, "--by", "pump")
    assert code == 0 and said.startswith("EKF: 5 rows of 3 series, log-likelihood -")
    found = pq.read_table(out) if out.endswith("parquet") else pyarrow.csv.read_csv(out)
    assert found["pump"].to_pylist() == ["a", "a", "b", "b", "c"]
    model = model_file.load("model.toml").model
    alone = fog.run(model, fog.Log.from_arrays([0.0, 0.1], radar=[[4.9], [5.3]]))
    assert found["gap"].to_pylist()[2:4] == alone.filtered.mean[:, 0].tolist()
    assert found["gap_std"].to_pylist()[2:4] == alone.filtered.std[:, 0].tolist()


def test_options_of_one_log_are_refused(pumps: Path) -> None:
    for option in (["--resume"], ["--sort"], ["--gap", "5"], ["--track", "pump"]):
        code, said = run("pumps", "-o", "out.csv", "--by", "pump", *option)
        assert code == 2 and f"{option[0]} is for one log" in said
    assert not (pumps / "out.csv").exists()


def test_a_row_that_cannot_be_used_is_an_error_or_flagged(pumps: Path) -> None:
    pq.write_table(pa.table({"pump": ["c"], "time": [3.5], "radar": [float("inf")]}), "pumps/3.parquet")
    code, said = run("pumps", "-o", "out.csv", "--by", "pump")
    assert code != 0 and "inf" in said and not (pumps / "out.csv").exists()
    code, said = run("pumps", "-o", "out.csv", "--by", "pump", "--on-bad", "flag")
    assert code == 0 and "6 rows of 3 series" in said


def test_without_duckdb_one_sorted_file_will_do(pumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.delitem(sys.modules, "foglight.adapters.duckdb", raising=False)
    pq.write_table(TABLE.sort_by([("pump", "ascending"), ("time", "ascending")]), "sorted.parquet")
    code, said = run("sorted.parquet", "-o", "out.csv", "--by", "pump")
    assert code == 0 and "5 rows of 3 series" in said
    code, said = run("pumps", "-o", "out.csv", "--by", "pump")
    assert code != 0 and "pip install 'foglight[duckdb]'" in said
