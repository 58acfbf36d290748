"""The command line: names as in the library, bad input in one line, files whole or not at all."""

import csv
import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli.main import main
from foglight.core.atomic_file import whole_file
from foglight.core.csv_text import text_cell
from foglight.core.errors import DataError
from unit.walk import LOG
from unit.walk import RADAR as MODEL


def call(*arguments, env=None):
    return CliRunner().invoke(main, [str(a) for a in arguments], env=env)


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_run_writes_a_row_per_row_with_every_digit(folder):
    result = call("run", "model.toml", "log.csv", "-o", "out.csv")
    assert result.exit_code == 0, result.stderr
    assert "EKF: 3 rows, 2 components measured" in result.stdout
    assert "estimates: out.csv" in result.stdout
    rows = table(folder / "out.csv")
    assert list(rows[0]) == [
        "time",
        "gap",
        "gap_std",
        "gap_speed",
        "gap_speed_std",
        "nis",
        "loglik",
        "status",
    ]
    model = fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.4),
        [fog.sensing.linear("radar", of="gap", std=0.8)],
        start=fog.Belief([5, 0], std=[5, 1]),
    )
    run = fog.run(model, fog.Log.from_arrays([0, 0.1, 0.3], radar=[5.2, np.nan, 4.9]))
    assert [row["time"] for row in rows] == ["0", "0.1", "0.3"]
    assert [float(row["gap"]) for row in rows] == run.filtered.mean[:, 0].tolist()
    assert [float(row["gap_speed_std"]) for row in rows] == run.filtered.std[:, 1].tolist()
    assert [float(row["loglik"]) for row in rows] == run.row_loglik.tolist()
    assert [row["nis"] == "" for row in rows] == [False, True, False]
    assert [row["status"] for row in rows] == ["USED", "MISSING", "USED"]


@pytest.mark.parametrize("method", ["kf", "ekf", "ukf", "ckf"])
def test_every_method_has_its_name(folder, method):
    result = call("run", "model.toml", "log.csv", "-o", "out.csv", "--method", method)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(method.upper())


def test_the_model_file_chooses_the_method_and_the_command_line_overrules_it(folder):
    (folder / "model.toml").write_text(MODEL + '[method]\nkind = "ukf"\nalpha = 0.5\n')
    assert call("run", "model.toml", "log.csv", "-o", "out.csv").stdout.startswith("UKF")
    assert call("run", "model.toml", "log.csv", "-o", "out.csv", "--method", "ckf").stdout.startswith("CKF")


def test_a_log_without_time_and_with_other_columns(folder):
    (folder / "log.csv").write_text("gap,note\n5.2,fog\nnan,fog\n4.9,fog\n")
    result = call("run", "model.toml", "log.csv", "-o", "out.csv", "--dt", "0.051", "--ignore", "note")
    assert result.exit_code == 0, result.stderr
    assert [row["time"] for row in table(folder / "out.csv")] == ["0", "0.051", "0.102"]


def test_a_python_model_runs(folder):
    (folder / "mine.py").write_text(
        "import foglight as fog\n"
        "walk = fog.Model(fog.motion.random_walk('gap', std=1.0),"
        " [fog.sensing.linear('radar', of='gap', std=0.5)], start=fog.Belief([5], std=[1]))\n"
    )
    assert call("run", "mine.py:walk", "log.csv", "-o", "out.csv").exit_code == 0
    assert list(table(folder / "out.csv")[0])[:3] == ["time", "gap", "gap_std"]


def test_simulate_then_run(folder):
    options = ("--steps", 300, "--dt", 0.1, "--seed", 3, "--missing", 0.2, "--truth", "truth.csv")
    assert call("simulate", "model.toml", "-o", "made.csv", *options).exit_code == 0
    first = (folder / "made.csv").read_bytes()
    assert call("simulate", "model.toml", "-o", "made.csv", *options).exit_code == 0
    assert (folder / "made.csv").read_bytes() == first
    result = call("run", "model.toml", "made.csv", "-o", "out.csv")
    assert "inside its 95 % band" in result.stdout
    truth, rows = table(folder / "truth.csv"), table(folder / "out.csv")
    assert list(truth[0]) == ["time", "gap", "gap_speed"]
    error = [float(a["gap"]) - float(b["gap"]) for a, b in zip(rows, truth, strict=True)]
    assert np.sqrt(np.mean(np.square(error))) < 0.5
    missing = sum(row["radar.gap"] == "" for row in table(folder / "made.csv"))
    assert 30 < missing < 90


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["model.toml", "absent.csv"], ["absent.csv", "No such file"]),
        (["absent.toml", "log.csv"], ["absent.toml", "No such file"]),
        (["model.toml", "log.csv", "--dt", "0.1"], ["expected one clock"]),
        (["model.toml", "log.csv", "--time", "stamp"], ["no column 'stamp'"]),
        (["model.toml", "text.csv"], ["line 2", "'gap'", "'close'"]),
        (["model.toml", "unsorted.csv"], ["line 3", "Sort"]),
        (["model.toml", "extra.csv"], ["'speed'", "radar.gap"]),
        (["model.toml", "few.csv", "--ignore", "speed"], ["no column of measurements"]),
        (["bend.toml", "bend.csv", "--method", "kf"], ["not linear", "EKF"]),
        (["model.toml", "inf.csv"], ["radar.gap = inf"]),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(folder, arguments, words):
    (folder / "text.csv").write_text("time,gap\n0,close\n")
    (folder / "unsorted.csv").write_text("time,gap\n1,5\n0,5\n")
    (folder / "extra.csv").write_text("time,gap,speed\n0,5,1\n")
    (folder / "few.csv").write_text("time,speed\n0,5\n")
    (folder / "inf.csv").write_text("time,gap\n0,5\n1,inf\n")
    (folder / "bend.csv").write_text("time,range\n0,5\n")
    (folder / "bend.toml").write_text(
        MODEL.replace('"gap"]', '"x", "y"]').replace('"linear"', '"range"').replace('of = "gap"\n', "")
        .replace("[5, 0]", "[5, 0, 0, 0]").replace("[5, 1]", "[5, 1, 1, 1]")
    )  # fmt: skip
    (folder / "out.csv").write_text("kept")
    before = sorted(os.listdir(folder))
    result = call("run", *arguments, "-o", "out.csv")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr
    assert (folder / "out.csv").read_text() == "kept"
    assert sorted(os.listdir(folder)) == before


@pytest.mark.parametrize(
    ("out", "word"),
    [
        ("nowhere/out.csv", "no folder nowhere"),
        (".", "it is a folder"),
        ("log.csv", "the log itself"),
        ("./model.toml", "the model itself"),
        ("link.csv", "the log itself"),
        ("-", "expected the name of a file"),
    ],
)
def test_outputs_that_cannot_be_written_are_refused_before_the_work(folder, out, word):
    (folder / "link.csv").symlink_to("log.csv")
    result = call("run", "model.toml", "log.csv", "-o", out)
    assert result.exit_code == 2
    assert word in result.stderr
    assert (folder / "log.csv").read_text() == LOG
    assert (folder / "model.toml").read_text() == MODEL
    assert not (folder / "-").exists()


@pytest.mark.parametrize(
    ("out", "truth", "word"),
    [
        ("model.toml", "t.csv", "the model itself"),
        ("s.csv", "model.toml", "the model"),
        ("s.csv", "./s.csv", "the log"),
    ],
)
def test_a_simulation_writes_over_neither_its_model_nor_itself(folder, out, truth, word):
    options = ["-o", out, "--truth", truth, "--steps", "3", "--dt", "0.1", "--seed", "1"]
    result = call("simulate", "model.toml", *options)
    assert result.exit_code == 2
    assert word in result.stderr
    assert (folder / "model.toml").read_text() == MODEL
    assert not (folder / "s.csv").exists()


def test_a_model_in_python_is_not_written_over(folder):
    text = "import foglight as fog\nm = None\n"
    (folder / "mine.py").write_text(text)
    result = call("run", "mine.py:m", "log.csv", "-o", "mine.py")
    assert result.exit_code == 2
    assert "the model itself" in result.stderr
    assert (folder / "mine.py").read_text() == text


def test_a_bad_row_can_be_left_out(folder):
    (folder / "inf.csv").write_text("time,gap\n0,5.2\n0.1,inf\n0.3,4.9\n")
    assert call("run", "model.toml", "inf.csv", "-o", "out.csv").exit_code == 2
    result = call("run", "model.toml", "inf.csv", "-o", "out.csv", "--on-bad", "flag", "--method", "UKF")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("UKF: 3 rows, 2 components measured")
    assert [row["status"] for row in table(folder / "out.csv")] == ["USED", "NONFINITE", "USED"]


def test_interrupted_writing_leaves_the_old_file_whole(folder, monkeypatch):
    (folder / "out.csv").write_text("old")

    def interrupt(value):
        raise KeyboardInterrupt

    monkeypatch.setattr("foglight.data.columns.seconds_text", interrupt)
    result = call("run", "model.toml", "log.csv", "-o", "out.csv")
    assert result.exit_code == 130
    assert result.stderr == "Interrupted: out.csv is as it was.\n"
    assert (folder / "out.csv").read_text() == "old"
    assert sorted(os.listdir(folder)) == ["log.csv", "model.toml", "out.csv"]


def test_a_full_disk_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(DataError, match="No space left"), whole_file(path) as file:
        file.write("new")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    with whole_file(tmp_path / "link.csv") as file:
        file.write("new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


def test_a_stream_that_is_a_plain_file_is_written_in_place(tmp_path):
    with (tmp_path / "captured.txt").open("w") as captured:
        path = Path(f"/dev/fd/{captured.fileno()}")
        if not path.exists():
            pytest.skip("no /dev/fd here")
        before = (tmp_path / "captured.txt").stat().st_ino
        with whole_file(path) as file:
            file.write("seen")
        assert (tmp_path / "captured.txt").stat().st_ino == before
    assert (tmp_path / "captured.txt").read_text() == "seen"


def test_estimates_on_stdout_are_nothing_but_estimates(folder):
    with open("captured.csv", "wb") as captured:
        command = [
            sys.executable,
            "-c",
            "from foglight.cli.main import main; main()",
            "run",
            "model.toml",
            "log.csv",
        ]
        summary = subprocess.run(
            [*command, "-o", "/dev/stdout"], stdout=captured, stderr=subprocess.PIPE, text=True, check=True
        ).stderr
    assert [row["status"] for row in table(folder / "captured.csv")] == ["USED", "MISSING", "USED"]
    assert summary.startswith("EKF: 3 rows")
    assert not os.path.isfile("/dev/stdout") or os.path.islink("/dev/stdout")


def test_a_pipe_is_written_directly(tmp_path):
    with whole_file(tmp_path.joinpath("/dev/null")) as file:
        file.write("gone")
    assert not os.path.isfile("/dev/null")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("gap", "gap"),
        ("=1+1", "'=1+1"),
        ("+a", "'+a"),
        ("-a", "'-a"),
        ("@a", "'@a"),
        ("\ta", "'\ta"),
        ('a,"b"', '"a,""b"""'),
        ("=a,b", '"\'=a,b"'),
    ],
)
def test_no_text_cell_is_a_formula(text, cell):
    assert text_cell(text) == cell


def test_a_bar_is_shown_to_a_terminal_only(folder):
    watched = call("run", "model.toml", "log.csv", "-o", "out.csv", env={"FORCE_COLOR": "1"})
    piped = call(
        "run", "model.toml", "log.csv", "-o", "out.csv", env={"FORCE_COLOR": None, "TTY_COMPATIBLE": "0"}
    )
    assert "filtering log.csv" in watched.stderr and "3 rows" in watched.stderr
    assert piped.stderr == ""
    assert watched.stdout == piped.stdout


def test_every_command_has_help_with_an_example():
    for command in main.commands:
        result = call(command, "--help")
        assert result.exit_code == 0
        assert f"\n  foglight {command}" in result.stdout
    assert fog.__version__ in call("--version").stdout


def test_a_person_before_a_real_radar(folder, shared_data):
    log = shared_data / "mmwave_person_sot" / "orig_traj_withNaN.csv"
    if not log.is_file():
        pytest.skip(f"{log} absent")
    model = os.path.join(os.path.dirname(__file__), "..", "..", "..", "examples", "real", "mmwave.toml")
    result = call("run", model, log, "-o", "out.csv", "--dt", "0.051", "--method", "kf")
    assert result.exit_code == 0, result.stderr
    rows = table(folder / "out.csv")
    assert len(rows) == 255
    lost = [k for k, row in enumerate(rows) if row["status"] == "MISSING"]
    assert lost == [4, 16, 47, 92, 148, 183, 209, 249]
    position = np.array([[float(row["x"]), float(row["y"])] for row in rows])
    std = np.array([float(row["y_std"]) for row in rows])
    assert np.all(std[lost] > std[np.array(lost) - 1])  # a lost row widens the belief
    steps = np.linalg.norm(np.diff(position, axis=0), axis=1)
    assert 0.3 < np.median(steps) / 0.051 < 2.0  # m/s, somebody walking
    assert np.all(steps[np.array(lost) - 1] < 2 * std[lost])  # no jump over a lost row
    assert "inside its 95 % band" in result.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_what_cannot_be_printed_is_reported_in_one_line(folder):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from foglight.cli.main import main; main()", "describe", "log.csv"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr == "Error: cannot print: No space left on device. Redirect the output elsewhere.\n"
