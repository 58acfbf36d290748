"""Messages of the library as the command line says them."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from foglight.cli.check import check
from foglight.cli.main import main
from foglight.cli.option_names import in_options
from foglight.cli.run import run
from foglight.cli.tune import tune

MODEL = """
[motion]
kind = "random_walk"
states = ["gap"]
std = 0.4
[[sensor]]
name = "radar"
kind = "linear"
of = "gap"
std = 0.8
[start]
mean = [2]
std = [1]
"""


@pytest.mark.parametrize(
    ("command", "said", "spoken"),
    [
        (check, "read with unit='ms', or dt=.", "read with --unit ms, or --dt."),
        (run, "Write rename={'pose.x': 'gps.x'}.", "Write --rename pose.x=gps.x."),
        (run, "with ignore=['a b', 'c'].", "with --ignore 'a b' --ignore c."),
        (run, "longer than max_gap; on_bad='flag'", "longer than --max-gap; --on-bad flag"),
        (run, "sort=True, or hold={'u': 0.5}", "--sort, or --hold-from u=0.5"),
        (run, "try student=4 with gate=0.999.", "try --student 4 with --gate 0.999."),
        (run, "gap = -1.0: expected seconds.", "--gap -1.0: expected seconds."),
        # What is no option of the command, a cell of a column, a call of Python, or a name within a name stays.
        (check, "set gate= or student=", "set gate= or student="),
        (run, "log.csv, line 3: time = 'x': expected", "log.csv, line 3: time = 'x': expected"),
        (run, "Write fog.Log.read(path, time='t').", "Write fog.Log.read(path, time='t')."),
        (run, "method.gate=2, 'time='", "method.gate=2, 'time='"),
        (tune, "Fix it, free=… without std", "Fix it, free=… without std"),
    ],
)
def test_arguments_are_options(command: click.Command, said: str, spoken: str) -> None:
    assert in_options(said, command) == spoken


def test_errors_and_hints_of_commands_name_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.toml").write_text(MODEL)
    Path("ms.csv").write_text(
        "stamp,radar\n" + "".join(f"{100 * k},{2 + 0.3 * (k % 5)}\n" for k in range(60))
    )

    def said(*arguments: str) -> str:
        return CliRunner().invoke(main, arguments).output

    refused = said("run", "model.toml", "ms.csv", "-o", "out.csv")
    assert "Name the time column with --time, or give the step with --dt." in refused
    for told in (
        said("describe", "ms.csv", "--time", "stamp"),
        said("check", "model.toml", "ms.csv", "--time", "stamp"),
    ):
        assert "--unit ms" in told and "unit=" not in told
    Path("mixed.csv").write_text("time,radar\n0,1\n2,1\n1,1\n")
    sort = said("describe", "mixed.csv")
    assert "pass --sort." in sort and "sort=" not in sort
