"""The same faults through the command line: one sentence, exit code 2, and no file written or touched."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from foglight.cli.main import main

MODEL = """
[motion]
kind = "constant_velocity"
axes = ["gap"]
accel = 0.4
[[sensor]]
name = "radar"
kind = "linear"
of = "gap"
std = 0.8
[[sensor]]
name = "lidar"
kind = "linear"
of = "gap"
std = 0.3
[start]
mean = [5.0, 0.5]
std = [5.0, 1.0]
"""
LOG = "time,radar,lidar\n0.0,5.1,\n0.1,,4.9\n0.3,4.8,4.7\n"


@dataclass(frozen=True)
class Fault:
    """A model and a log of which one is bad, and the pieces that the sentence must hold."""

    name: str
    model: str
    log: str
    pieces: tuple[str, ...]


FAULTS = [
    Fault("missing column", MODEL, LOG.replace(",lidar", ",sonar"), ("'sonar'", "lidar", "Rename")),
    Fault("a sensor without a column", MODEL, "time,radar\n0.0,5.1\n", ("lidar", "radar", "Add")),
    Fault("no time column", MODEL, LOG.replace("time", "stamp"), ("'time'", "stamp", "--dt")),
    Fault("unsorted time column", MODEL, LOG.replace("0.3,", "0.05,"), ("line 4", "time", "0.05", "0.1", "Sort")),
    Fault("another decimal mark", MODEL, LOG.replace("4.9", '"4,9"'), ("line 3", "'4,9'", "lidar", "decimal")),
    Fault("a word in a column", MODEL, LOG.replace("5.1", "far"), ("line 2", "'radar'", "'far'", "missing")),
    Fault("infinite reading", MODEL, LOG.replace("4.7", "inf"), ("lidar", "inf", "Drop")),
    Fault("a row too short", MODEL, LOG + "0.4,4.6\n", ("line 5", "2 cells", "3", "Complete")),
    Fault("no rows", MODEL, "time,radar,lidar\n", ("no rows", "Check")),
    Fault("empty file", MODEL, "", ("empty", "header")),
    Fault("two columns of one name", MODEL, LOG.replace("lidar", "radar"), ("'radar'", "Rename")),
    Fault("negative standard deviation", MODEL.replace("std = 0.8", "std = -0.8"), LOG, ("std", "-0.8")),
    Fault("start of the wrong size", MODEL.replace("[5.0, 0.5]", "[5.0]"), LOG, ("std", "2", "1")),
    Fault("negative start", MODEL.replace("[5.0, 1.0]", "[5.0, -1.0]"), LOG, ("std[1]", "-1.0", "signed")),
    Fault("unknown key", MODEL.replace("accel", "acel"), LOG, ("'acel'", "accel")),
    Fault("unknown state", MODEL.replace('of = "gap"', 'of = "gab"', 1), LOG, ("gab", "gap")),
    Fault("unknown kind", MODEL.replace("constant_velocity", "constant_speed"), LOG, ("'constant_speed'", "constant_velocity")),
    Fault("not TOML", MODEL.replace("[motion]", "[motion"), LOG, ("TOML",)),
]  # fmt: skip


@pytest.mark.parametrize("there_before", [False, True], ids=["fresh", "over an old file"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_nothing_is_written(fault: Fault, there_before: bool, tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text(fault.model)
    (tmp_path / "log.csv").write_text(fault.log)
    out = tmp_path / "out.csv"
    if there_before:
        out.write_text("older estimates\n")
    result = CliRunner().invoke(
        main, ["run", str(tmp_path / "model.toml"), str(tmp_path / "log.csv"), "-o", str(out)]
    )
    assert result.exit_code == 2
    for piece in fault.pieces:
        assert piece in result.output, result.output
    assert "Traceback" not in result.output
    files = {"model.toml", "log.csv"} | ({"out.csv"} if there_before else set())
    assert {path.name for path in tmp_path.iterdir()} == files
    if there_before:
        assert out.read_text() == "older estimates\n"


def test_the_sound_files_run(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text(MODEL)
    (tmp_path / "log.csv").write_text(LOG)
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(
        main, ["run", str(tmp_path / "model.toml"), str(tmp_path / "log.csv"), "-o", str(out)]
    )
    assert result.exit_code == 0, result.output
    assert len(out.read_text().splitlines()) == 4
