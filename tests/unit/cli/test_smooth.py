"""`foglight smooth`: the library's numbers in a file, and a summary for people and programs."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import foglight as fog
from foglight.cli.main import main
from unit.walk import RADAR_AND_LIDAR as MODEL

SMOOTH = ["smooth", "model.toml", "log.csv", "-o", "out.csv"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.toml").write_text(MODEL)
    rng = np.random.default_rng(6)
    lines = ["time,radar.gap,lidar.gap"]
    for k in range(40):
        reading = f"{5 + rng.standard_normal():.3f}"
        lines.append(f"{k / 10},{reading}," if k % 2 else f"{k / 10},,{reading}")
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def call(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def expected(method: Any) -> Any:
    from foglight.model.model_file import load

    return fog.smooth(fog.run(load("model.toml")[0], fog.Log.read("log.csv"), method))


@pytest.mark.parametrize("method", [None, "ukf"])
def test_the_file_has_the_librarys_numbers(folder: Path, method: str | None) -> None:
    done = call(*SMOOTH, *(["--method", method] if method else []))
    assert done.exit_code == 0, done.output
    with (folder / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["time", "gap", "gap_std", "gap_speed", "gap_speed_std", "status"]
    smoothed = expected(fog.UKF() if method else None)
    assert [float(row["gap"]) for row in rows] == smoothed.mean[:, 0].tolist()
    assert [float(row["gap_speed_std"]) for row in rows] == smoothed.std[:, 1].tolist()
    assert {row["status"] for row in rows} == {"USED"}
    assert (
        done.output.startswith("UKF()" if method else "EKF()") and "40 rows smoothed; gap ± " in done.output
    )
    assert done.output.endswith("estimates: out.csv\n")


def test_parquet_has_the_same_columns(folder: Path) -> None:
    assert call(*SMOOTH[:-1], "out.parquet").exit_code == 0
    from pyarrow.parquet import read_table

    table = read_table(folder / "out.parquet").to_pydict()
    assert table["gap"] == expected(None).mean[:, 0].tolist() and set(table["status"]) == {"USED"}


def test_the_summary_is_json_for_programs(folder: Path) -> None:
    done = call(*SMOOTH, "--json")
    summary = json.loads(done.output)
    assert summary["rows"] == 40 and summary["tracks"] == 1 and summary["out"] == "out.csv"
    smoothed = expected(None)
    std = summary["states"]["gap"]
    assert std["smoothed_std"] == pytest.approx(float(np.median(smoothed.std[:, 0])), abs=0)
    assert std["smoothed_std"] < std["filtered_std"]


def test_an_unknown_state_is_null_in_json_and_inf_for_people(folder: Path) -> None:
    """An unknown start, and a log from which the speed cannot be estimated."""
    sensors = MODEL[: MODEL.index("[start]")]
    (folder / "model.toml").write_text(sensors + "[start]\nmean = [0, 0]\nstd = [inf, inf]\n")
    (folder / "log.csv").write_text("time,radar.gap,lidar.gap\n0,5.0,\n1,,\n")
    summary = json.loads(call(*SMOOTH, "--json").output)
    assert summary["states"]["gap_speed"] == {"filtered_std": None, "smoothed_std": None}
    assert "gap_speed ± inf (filtered inf)" in call(*SMOOTH).output


@pytest.mark.parametrize("out", ["log.csv", "nowhere/out.csv"])
def test_what_cannot_be_written_is_refused_before_the_work(out: str, folder: Path) -> None:
    before = (folder / "log.csv").read_text()
    done = call(*SMOOTH[:-1], out)
    assert done.exit_code == 2 and out in done.output
    assert (folder / "log.csv").read_text() == before


def test_a_log_that_does_not_fit_is_one_line(folder: Path) -> None:
    (folder / "log.csv").write_text("time,sonar\n0,1.0\n")
    done = call(*SMOOTH)
    assert done.exit_code == 2 and "sonar" in done.output and not (folder / "out.csv").exists()
