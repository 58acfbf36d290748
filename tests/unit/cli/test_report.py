"""`foglight report`: the page of the library, written whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import foglight as fog
from foglight.cli.main import main
from unit.pictures.report.reading import blocks, document_of, titled
from unit.walk import RADAR_AND_LIDAR as MODEL

REPORT = ["report", "model.toml", "log.csv", "-o", "out.html"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.toml").write_text(MODEL)
    model, _ = fog.load_model("model.toml")
    log, truth = fog.simulate(model, steps=60, dt=0.1, seed=4)
    log.write("log.csv")
    log.write("truth.csv", states=dict(zip(model.state, np.asarray(truth).T, strict=True)))
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_it_writes_the_page_of_the_library(folder):
    done = call(*REPORT, "--effort", "none")
    assert done.exit_code == 0, done.output
    assert done.output == "report: out.html\n"
    model, method = fog.load_model("model.toml")
    run = fog.run(model, fog.Log.read("log.csv"), method)
    expected = document_of(
        run.report("library.html", effort="none", title="log.csv, filtered with model.toml")
    )
    assert document_of(Path("out.html")) == expected


def test_options_add_truth_smoothing_the_comparison_and_intervals(folder):
    done = call(*REPORT, "--truth", "truth.csv", "--smooth", "--compare", "--tune", "--effort", "quick")
    assert done.exit_code == 0, done.output
    page = document_of(Path("out.html"))
    names = [series["name"] for series in titled(page, "gap")["series"]]
    assert {"truth", "smoothed", "filtered", "measured, radar.gap", "measured, lidar.gap"} <= set(names)
    assert [row[0] for row in titled(page, "Filters compared")["rows"]][:2] == ["KF()", "EKF()"]
    assert titled(page, "Parameters")["text"].startswith("Log-likelihood ")
    assert blocks(page, "sentences")[0]["items"]


@pytest.mark.parametrize("source", ["log.csv", "model.toml", "truth.csv"])
def test_it_does_not_overwrite_its_sources(folder, source):
    before = Path(source).read_bytes()
    done = call(*REPORT[:-1], source, "--truth", "truth.csv")
    assert done.exit_code == 2 and "itself. Write to another file." in done.output
    assert Path(source).read_bytes() == before


def test_bad_input_writes_nothing(folder):
    Path("log.csv").write_text("time,radar.gap,lidar.gap\n0,1,x\n")
    done = call(*REPORT)
    assert done.exit_code == 2 and "line 2" in done.output and not Path("out.html").exists()
    assert call(*REPORT[:-1], "no/out.html").exit_code == 2


def test_help_has_an_example():
    assert "foglight report model.toml log.csv -o report.html" in call("report", "--help").output
