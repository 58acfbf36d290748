"""The files of the command line: columns of other programs, sorted rows, names, links in circles, modes, labels."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

import foglight as fog
from foglight.cli.resumable import checkpoint_of, part_of, read_checkpoint
from unit.cli.test_cli import call, table

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes and owners of POSIX")
# What `rostopic echo -b walk.bag -p /radar` writes: rows in order of receipt, nanoseconds, text columns.
ROS = """%time,field.header.seq,field.header.stamp,field.header.frame_id,field.range
1600000000010000000,0,1600000000000000000,odom,5.0
1600000000250000000,2,1600000000200000000,odom,5.2
1600000000260000000,1,1600000000100000000,odom,5.1
"""
COLUMNS = ["--rename", "field.range=radar.gap", "--unit", "ns", "--ignore", "field.*"]


@pytest.mark.parametrize("command", ["run", "smooth"])
def test_columns_of_another_program_are_renamed(folder: Path, command: str) -> None:
    (folder / "radar.csv").write_text(ROS)
    result = call(command, "model.toml", "radar.csv", "-o", "out.csv", "--time", "%time", *COLUMNS)
    assert result.exit_code == 0, result.stderr
    assert [row["time"] for row in table(folder / "out.csv")] == [
        "1600000000.01", "1600000000.25", "1600000000.26",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["run", "smooth"])
def test_rows_are_sorted_by_the_stamp_of_the_sensor(folder: Path, command: str) -> None:
    (folder / "radar.csv").write_text(ROS)
    stamps = ["--rename", "field.header.stamp=time", "--ignore", "%time", *COLUMNS]
    refused = call(command, "model.toml", "radar.csv", "-o", "out.csv", *stamps)
    assert refused.exit_code == 2 and "pass --sort." in refused.stderr
    result = call(command, "model.toml", "radar.csv", "-o", "out.csv", "--sort", *stamps)
    assert result.exit_code == 0, result.stderr
    assert [row["time"] for row in table(folder / "out.csv")] == [
        "1600000000", "1600000000.1", "1600000000.2",
    ]  # fmt: skip


def test_other_commands_take_the_same_options(folder: Path) -> None:
    rows = [f"{1_600_000_000_000_000_000 + k * 100_000_000},{5 + 0.1 * (k % 7)}" for k in range(60)]
    (folder / "radar.csv").write_text("\n".join(["stamp,r", *rows[::-1]]) + "\n")
    options = ["--rename", "r=radar.gap", "--time", "stamp", "--unit", "ns", "--sort"]
    for command in (["check", "model.toml"], ["compare", "model.toml"], ["tune", "model.toml"], ["describe"]):
        result = call(*command, "radar.csv", *options)
        assert result.exit_code in (0, 1) and not result.stderr.startswith("Error"), (command, result.output)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--rename", "gap"], "'gap': expected OLD=NEW"),
        (["--rename", "=gap"], "'=gap': expected OLD=NEW"),
        (["--rename", "gap="], "'gap=': expected OLD=NEW"),
        (["--rename", "gap=a", "--rename", "gap=b"], "'gap' was given twice"),
        (["--rename", "range=gap"], "log.csv has no column 'range', which --rename renames: found time, gap"),
    ],
)
def test_renamings_that_do_not_fit_are_refused(folder: Path, given: list[str], words: str) -> None:
    result = call("run", "model.toml", "log.csv", "-o", "out.csv", *given)
    assert result.exit_code == 2 and words in result.stderr and "Traceback" not in result.output


def test_the_label_minus_one_comes_back_as_it_was(folder: Path) -> None:
    """So that joins on the label do not fail."""
    (folder / "log.csv").write_text("time,id,radar.gap\n0,-1,5\n1,-1,5.1\n0,2,5\n0,+3,5\n0,-x,5\n")
    for command in ("run", "smooth"):
        assert call(command, "model.toml", "log.csv", "-o", "out.csv", "--track", "id").exit_code == 0
        assert [row["track"] for row in table(folder / "out.csv")] == ["-1", "-1", "2", "+3", "'-x"]
    log = fog.Log.from_arrays([0, 1, 0], track=[-1, -1, 2], x=[5.0, 5.1, 5.0])
    assert log.columns()["track"].tolist() == [-1, -1, 2]
    log.write(folder / "numbers.csv")
    assert [row["track"] for row in table(folder / "numbers.csv")] == ["-1", "-1", "2"]
    run = fog.run(
        fog.Model(
            fog.motion.random_walk("x", std=0.1),
            [fog.sensing.linear("x", of="x", std=1.0)],
            fog.Belief(0.0, std=1.0),
        ),
        log,
    )
    assert run.columns()["track"].dtype.kind == "i" and run.columns()["track"].tolist() == [-1, -1, 2]


# Names, links, modes


@pytest.mark.parametrize("size", [230, 251])
@pytest.mark.parametrize("resume", [[], ["--resume"]], ids=["run", "resume"])
def test_long_names_are_written_and_resumed(folder: Path, size: int, resume: list[str]) -> None:
    name = "o" * size + ".csv"
    for _ in range(2):
        result = call("run", "model.toml", "log.csv", "-o", name, *resume)
        assert result.exit_code == 0, result.output
        assert sorted(os.listdir(folder)) == ["log.csv", "model.toml", name]
    assert len(table(folder / name)) == 3
    assert call("smooth", "model.toml", "log.csv", "-o", name).exit_code == 0
    too_long = call("run", "model.toml", "log.csv", "-o", "o" * 256, *resume)
    assert too_long.exit_code == 2 and "File name too long" in too_long.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "model.toml", "log.csv", "-o", "a"),
        ("run", "model.toml", "log.csv", "-o", "a", "--resume"),
        ("run", "model.toml", "log.csv", "-o", "a/out.csv"),
        ("run", "model.toml", "a", "-o", "out.csv"),
        ("run", "model.toml", "a", "-o", "out.csv", "--resume"),
        ("run", "a", "log.csv", "-o", "out.csv"),
        ("run", "a.toml", "log.csv", "-o", "out.csv"),
        ("smooth", "model.toml", "log.csv", "-o", "a"),
        ("smooth", "model.toml", "a", "-o", "out.csv"),
        ("check", "model.toml", "a"),
        ("check", "model.toml", "log.csv", "--truth", "a"),
        ("compare", "model.toml", "a.parquet"),
        ("describe", "a"),
    ],
    ids=" ".join,
)
def test_links_in_a_circle_are_one_line_of_error(folder: Path, arguments: tuple[str, ...]) -> None:
    for name in ("a", "a.toml", "a.parquet"):
        (folder / name).symlink_to(f"{name}.b")
        (folder / f"{name}.b").symlink_to(name)
    result = call(*arguments)
    assert result.exit_code == 2 and result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    assert not (folder / "out.csv").exists()


@POSIX
@pytest.mark.parametrize("resume", [[], ["--resume"]], ids=["run", "resume"])
def test_the_new_file_has_the_mode_of_the_old_one(folder: Path, resume: list[str]) -> None:
    (folder / "out.csv").write_text("old")
    (folder / "out.csv").chmod(0o600)
    assert call("run", "model.toml", "log.csv", "-o", "out.csv", *resume).exit_code == 0
    assert stat.S_IMODE((folder / "out.csv").stat().st_mode) == 0o600 and len(table(folder / "out.csv")) == 3


@POSIX
def test_an_interrupted_private_output_stays_private(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / "out.csv").write_text("old")
    (folder / "out.csv").chmod(0o600)

    def interrupt(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("foglight.cli.resumable.Unfinished.finish", interrupt)
        assert call("run", "model.toml", "log.csv", "-o", "out.csv", "--resume").exit_code == 130
    for path in (part_of(folder / "out.csv"), checkpoint_of(folder / "out.csv")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_checkpoint(checkpoint_of(folder / "out.csv")) is not None
    again = call("run", "model.toml", "log.csv", "-o", "out.csv", "--resume")
    assert again.exit_code == 0, again.output
    assert stat.S_IMODE((folder / "out.csv").stat().st_mode) == 0o600


# Time, truth, opaque functions


def test_rows_beyond_max_gap(folder: Path) -> None:
    (folder / "log.csv").write_text("time,gap\n0,5.2\n0.1,5.1\n1e6,5\n1000000.1,5\n")
    refused = call("run", "model.toml", "log.csv", "-o", "out.csv", "--max-gap", "5")
    assert (
        refused.exit_code == 2
        and "row 2 at 1000000 s comes 999999.9 s after the row before it" in refused.stderr
    )
    taken = call("run", "model.toml", "log.csv", "-o", "out.csv", "--max-gap", "5", "--on-bad", "flag")
    assert taken.exit_code == 0 and "2 time jump" in taken.output and "days pass" not in taken.stderr
    assert [row["status"] for row in table(folder / "out.csv")] == [
        "USED",
        "USED",
        *["MISSING|TIME_JUMP"] * 2,
    ]
    plain = call("run", "model.toml", "log.csv", "-o", "out.csv")
    assert plain.exit_code == 0
    assert (
        "Note: 12 days pass before row 2, and all other steps together take 0.2 s: is a stamp wrong?"
        in plain.stderr
    )


@pytest.mark.parametrize("command", ["check", "compare"])
def test_a_truth_on_another_clock_needs_within(folder: Path, command: str) -> None:
    rows = [f"{k / 10},{5 + 0.1 * (k % 7)}" for k in range(60)]
    (folder / "log.csv").write_text("\n".join(["time,radar.gap", *rows]) + "\n")
    late = [f"{k / 10 + 0.001},{5 + 0.1 * (k % 5)}" for k in range(60)]
    (folder / "truth.csv").write_text("\n".join(["time,gap", *late]) + "\n")
    call_it = [command, "model.toml", "log.csv"]
    refused = call(*call_it, "--truth", "truth.csv")
    assert refused.exit_code == 2 and "--within in seconds" in refused.stderr
    assert call(*call_it, "--truth", "truth.csv", "--within", "0.01").exit_code in (0, 1)
    alone = call(*call_it, "--within", "0.01")
    assert alone.exit_code == 2 and "--within has no meaning without --truth" in alone.stderr


def test_an_output_that_can_be_resumed_needs_keys_for_opaque_functions(folder: Path) -> None:
    text = (
        "import foglight as fog\n"
        "table = [5.0, 6.0]\n"
        "walk = fog.Model(fog.motion.random_walk('gap', std=1.0), [fog.Sensor('radar', ('gap',),"
        " fog.opaque(lambda x, p: [x.gap + 0 * table[int(float(x.gap) > 0)]]KEY), lambda x, p: [[0.25]])],"
        " start=fog.Belief([5.0], std=[1.0]))\n"
    )
    (folder / "mine.py").write_text(text.replace("KEY", ""))
    assert call("run", "mine.py:walk", "log.csv", "-o", "out.csv").exit_code == 0
    refused = call("run", "mine.py:walk", "log.csv", "-o", "out.csv", "--resume")
    assert refused.exit_code == 2 and "radar.measure is a fog.opaque function without a key" in refused.stderr
    (folder / "mine.py").write_text(text.replace("KEY", ", key='table 1'"))
    assert call("run", "mine.py:walk", "log.csv", "-o", "out.csv", "--resume").exit_code == 0
