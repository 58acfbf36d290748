"""`foglight run`: every option is the library's, and files and exit code show how a run ended."""

import csv
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import foglight as fog
from foglight.cli import progress
from foglight.cli.demo import write_run
from foglight.cli.main import main
from unit.walk import RADAR_AND_LIDAR as MODEL

COMMAND = [sys.executable, "-c", "from foglight.cli.main import main; main()"]
RUN = ["run", "model.toml", "log.csv", "-o", "out.csv"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.toml").write_text(MODEL)
    (tmp_path / "log.csv").write_text(wide(40))
    return tmp_path


def wide(rows: int) -> str:
    """Two sensors in turn, with some outliers."""
    rng = np.random.default_rng(6)
    lines = ["time,radar.gap,lidar.gap"]
    for k in range(rows):
        reading = f"{5 + rng.standard_normal() + 40 * (k % 9 == 8):.3f}"
        lines.append(f"{k / 10},{reading}," if k % 2 else f"{k / 10},,{reading}")
    return "\n".join(lines) + "\n"


def model() -> fog.Model:
    sensors = [fog.sensing.linear("radar", of="gap", std=0.8), fog.sensing.linear("lidar", of="gap", std=0.3)]
    return fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.4), sensors, start=fog.Belief([5, 0], std=[5, 1])
    )


def call(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def expected(log: fog.Log, method: Any = None, gap: float | None = None) -> bytes:
    write_run(Path("expected.csv"), fog.run(model(), log, method, gap=gap))
    return Path("expected.csv").read_bytes()


GUARDS: list[tuple[list[str], dict[str, Any]]] = [
    ([], {}),
    (["--gate", "0.99"], {"gate": 0.99}),
    (["--gate", "radar=0.99", "--gate", "lidar=0.9"], {"gate": {"radar": 0.99, "lidar": 0.9}}),
    (
        ["--huber", "1.5", "--gate", "lidar=0.999", "--recover", "0.3"],
        {"huber": 1.5, "gate": {"lidar": 0.999}, "recover": 0.3},
    ),
    (["--student", "4", "--gate", "0.999999"], {"student": 4.0, "gate": 0.999999}),
    (["--student", "radar=3", "--huber", "lidar=2"], {"student": {"radar": 3.0}, "huber": {"lidar": 2.0}}),
]


@pytest.mark.parametrize(
    ("options", "guards"), GUARDS, ids=lambda found: " ".join(found) if isinstance(found, list) else ""
)
def test_guards_are_those_of_the_method(folder: Path, options: Sequence[str], guards: dict[str, Any]) -> None:
    result = call(*RUN, *options)
    assert result.exit_code == 0, result.stderr
    run = fog.run(model(), fog.Log.read("log.csv"), fog.EKF(**guards))
    assert (folder / "out.csv").read_bytes() == expected(fog.Log.read("log.csv"), fog.EKF(**guards))
    for flag in (fog.Status.GATED, fog.Status.RESET):
        count = np.count_nonzero(run.status & int(flag))
        assert (f"{count} {str(flag.name).lower()}" in result.stdout) == bool(count)
    assert ("gated" in result.stdout) == ("gate" in guards)
    assert ("of accepted readings" in result.stdout) == ("gate" in guards)
    assert ("its 95 % band" in result.stdout) == ("gate" not in guards)


def test_guards_of_the_model_file_stay_unless_overridden(folder: Path) -> None:
    (folder / "model.toml").write_text(MODEL + '[method]\nkind = "ukf"\nalpha = 0.5\ngate = 0.9\n')
    log = fog.Log.read("log.csv")
    assert call(*RUN).exit_code == 0
    assert (folder / "out.csv").read_bytes() == expected(log, fog.UKF(alpha=0.5, gate=0.9))
    assert call(*RUN, "--gate", "0.999", "--method", "ukf").exit_code == 0
    assert (folder / "out.csv").read_bytes() == expected(log, fog.UKF(alpha=0.5, gate=0.999))
    assert call(*RUN, "--method", "ekf").exit_code == 0
    assert (folder / "out.csv").read_bytes() == expected(log, fog.EKF(gate=0.9))


def test_several_tracks_in_a_long_log_of_milliseconds(folder: Path) -> None:
    lines = ["stamp,who,device,gap"]
    for track in ("=1+1", "b"):
        lines += [f"{1000 * k},{track},{('radar', 'lidar')[k % 2]},{5 + k % 3}" for k in range(9) if k != 4]
    (folder / "long.csv").write_text("\n".join(lines) + "\n")
    options = [
        "--time",
        "stamp",
        "--unit",
        "ms",
        "--track",
        "who",
        "--sensor",
        "device",
        "--repeats",
        "skip",
        "--gap",
        "1.5",
    ]
    result = call("run", "model.toml", "long.csv", "-o", "out.csv", *options)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("EKF: 16 rows in 2 tracks, 2 after gap, ")
    log = fog.Log.read("long.csv", time="stamp", unit="ms", track="who", sensor="device", repeats="skip")
    assert (folder / "out.csv").read_bytes() == expected(log, gap=1.5)
    rows = table(folder / "out.csv")
    assert [row["track"] for row in rows] == ["'=1+1"] * 8 + ["b"] * 8, "a label must not be a formula"
    assert [row["time"] for row in rows[7:10]] == ["8", "0", "1"]
    assert "AFTER_GAP" in rows[4]["status"] and "AFTER_GAP" not in rows[8]["status"]


def test_a_counter_that_wraps(folder: Path) -> None:
    stamps = [(4_294_967_000 + 100 * k) % 2**32 for k in range(9)]
    (folder / "log.csv").write_text("time,radar.gap,lidar.gap\n" + "".join(f"{t},5,5.5\n" for t in stamps))
    result = call(*RUN, "--unit", "ms", "--wraps", 2**32)
    assert result.exit_code == 0, result.stderr
    rows = table(folder / "out.csv")
    assert np.diff([float(row["time"]) for row in rows]) == pytest.approx(np.full(8, 0.1))


def test_repeats_are_counted(folder: Path) -> None:
    (folder / "log.csv").write_text(
        "time,radar.gap,lidar.gap\n" + "".join(f"{k},{5 + k // 3},\n" for k in range(9))
    )
    assert ", 6 repeated, 3 components measured" in call(*RUN, "--repeats", "skip").stdout
    assert "repeated" not in call(*RUN).stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--gate", "1.5"], "--gate 1.5: expected a probability"),
        (["--gate", "sonar=0.9"], "sonar"),
        (["--gap", "-1"], "--gap -1.0: expected a number of seconds above 0"),
        (["--gate", "0.9", "--recover", "0"], "--recover 0.0: expected seconds above 0"),
        (["--gate", "high"], "'high': expected a number, or SENSOR=NUMBER"),
        (["--gate", "0.9", "--gate", "radar=0.99"], "one number for all sensors"),
        (["--gate", "radar=0.9", "--gate", "radar=0.99"], "'radar' was given twice"),
        (["--student", "0.5"], "--student 0.5: expected degrees of freedom, 1 or more"),
        (["--student", "4", "--huber", "2"], "expected no --huber for the same sensor"),
        (["--recover", "1"], "--recover has no meaning without a gate"),
        (["--unit", "h"], "'h' is not one of"),
        (["--track", "who"], "no column 'who'"),
    ],
)
def test_options_that_make_no_sense(folder: Path, options: Sequence[str], words: str) -> None:
    result = call(*RUN, *options)
    assert result.exit_code == 2 and words in result.stderr and "Traceback" not in result.stderr
    assert not (folder / "out.csv").exists()


def test_parquet_holds_what_the_csv_says(folder: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    (folder / "log.csv").write_text(
        "".join(
            f"{line},{'who' if k == 0 else 'ab'[k > 9]}\n" for k, line in enumerate(wide(20).splitlines())
        )
    )
    assert call(*RUN, "--track", "who", "--on-bad", "flag").exit_code == 0
    result = call("run", "model.toml", "log.csv", "-o", "out.parquet", "--track", "who")
    assert result.exit_code == 0, result.stderr
    found = parquet.read_table("out.parquet").to_pydict()
    rows = table(folder / "out.csv")
    assert list(found) == list(rows[0])
    for name, values in found.items():
        if name in ("track", "status"):
            assert values == [row[name] for row in rows]
        else:
            given = np.array([float(row[name]) if row[name] else np.nan for row in rows])
            np.testing.assert_array_equal(np.array(values), given)


@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
def test_a_state_with_the_name_of_another_column_is_refused(folder: Path, out: str) -> None:
    model = MODEL.replace('"gap"', '"nis"')
    (folder / "model.toml").write_text(model)
    (folder / "log.csv").write_text(wide(4).replace("gap", "nis"))
    result = call("run", "model.toml", "log.csv", "-o", out)
    assert result.exit_code == 2 and f"two columns of {out} would be called 'nis'" in result.stderr
    assert not (folder / out).exists()


def test_parquet_without_pyarrow_is_refused_before_the_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    result = call("run", "model.toml", "log.csv", "-o", "out.parquet")
    assert result.exit_code == 2 and "pip install 'foglight[parquet]'" in result.stderr
    assert not (folder / "out.parquet").exists()


def test_interrupted_it_says_how_to_continue(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = expected(fog.Log.read("log.csv"))

    def interrupt(*given: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("foglight.data.columns.seconds_text", interrupt)
        result = call(*RUN, "--resume")
    assert result.exit_code == 130
    assert result.stderr == "Interrupted: the same command continues from out.csv.part.\n"
    (folder / "out.csv.checkpoint").write_text("of an older run")
    again = call(*RUN)
    assert again.exit_code == 0 and (folder / "out.csv").read_bytes() == whole
    assert again.stderr.startswith(
        "Note: an interrupted run can be continued with --resume; this one starts over"
    )
    (folder / "out.csv").unlink()
    result = call(*RUN, "--resume")
    assert result.exit_code == 0 and "out.csv.checkpoint is damaged: starting over." in result.stderr
    assert (folder / "out.csv").read_bytes() == whole
    assert not (folder / "out.csv.part").exists() and not (folder / "out.csv.checkpoint").exists()


@pytest.mark.parametrize("log", ["out.csv.part", "out.csv.checkpoint"])
def test_a_log_is_not_taken_for_a_part_of_the_output(folder: Path, log: str) -> None:
    (folder / log).write_text(wide(20))
    result = call("run", "model.toml", log, "-o", "out.csv", "--resume")
    assert result.exit_code == 2 and "is the log itself" in result.stderr
    assert (folder / log).read_text() == wide(20)


def test_the_output_of_another_log_is_not_continued(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from foglight.cli import resumable

    def stop(self: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(resumable.Unfinished, "finish", stop)
        assert call(*RUN, "--resume").exit_code == 130
    result = call(*RUN, "--resume", "--repeats", "skip")
    assert result.exit_code == 2 and "repeats is skip, and was keep" in result.stderr
    (folder / "log.csv").write_text(wide(41))
    result = call(*RUN, "--resume")
    assert result.exit_code == 2 and result.stderr.count("\n") == 1
    assert "belongs to another log: size is" in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_ctrl_c_ends_it_with_130_and_one_line(folder: Path) -> None:
    """A log that never comes: the run waits for it, and is interrupted."""
    os.mkfifo(folder / "endless.csv")
    (folder / "out.csv").write_text("older")
    command = [*COMMAND, "run", "model.toml", "endless.csv", "-o", "out.csv"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with (folder / "endless.csv").open("w") as pipe:  # opens when the child reads
        pipe.write("time,radar.gap,lidar.gap\n0,5,5\n")
        pipe.flush()
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        out, message = child.communicate(timeout=60)
    assert (child.returncode, out, message) == (130, "", "Interrupted: out.csv is as it was.\n")
    assert (folder / "out.csv").read_text() == "older"
    assert sorted(path.name for path in folder.iterdir()) == [
        "endless.csv",
        "log.csv",
        "model.toml",
        "out.csv",
    ]


def limited(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run whose files cannot grow beyond 64 KiB: a full disk that any user can simulate."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))

    large = folder.parent / f"{folder.name}.large"
    beyond = f"open({str(large)!r}, 'wb').write(bytes(1 << 17))"
    if not subprocess.run([sys.executable, "-c", beyond], capture_output=True, preexec_fn=limit).returncode:
        pytest.skip("this system does not keep a limit on the size of files (RLIMIT_FSIZE)")
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, preexec_fn=limit
    )


@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
def test_no_room_leaves_the_older_output_and_says_so_in_one_line(folder: Path, out: str) -> None:
    (folder / "log.csv").write_text(wide(3_000))
    (folder / out).write_text("older")
    found = limited(folder, "run", "model.toml", "log.csv", "-o", out)
    assert found.returncode == 2 and found.stdout == ""
    assert (
        found.stderr.startswith(f"Error: cannot write {out}: File too large.")
        and found.stderr.count("\n") == 1
    )
    assert (folder / out).read_text() == "older"
    assert sorted(path.name for path in folder.iterdir()) == ["log.csv", "model.toml", out]


def test_once_there_is_room_again_the_run_continues(folder: Path) -> None:
    (folder / "log.csv").write_text(wide(3_000))
    found = limited(folder, *RUN, "--resume")
    assert (
        found.returncode == 2
        and "out.csv.part: File too large." in found.stderr
        and found.stderr.count("\n") == 1
    )
    assert not (folder / "out.csv").exists()
    assert call(*RUN, "--resume").exit_code == 0
    assert (folder / "out.csv").read_bytes() == expected(fog.Log.read("log.csv"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_device_is_reported_in_one_line(folder: Path) -> None:
    (folder / "log.csv").write_text(wide(3_000))
    result = call("run", "model.toml", "log.csv", "-o", "/dev/full")
    assert (
        result.exit_code == 2
        and "No space left on device" in result.stderr
        and result.stderr.count("\n") == 1
    )


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
def test_what_the_shell_appends_to_is_kept(folder: Path) -> None:
    (folder / "all.csv").write_text("older\n")
    with (folder / "all.csv").open("a") as file:
        subprocess.run(
            [*COMMAND, "run", "model.toml", "log.csv", "-o", "/dev/stdout"],
            stdout=file, stderr=subprocess.PIPE, check=True,
        )  # fmt: skip
    assert (folder / "all.csv").read_bytes() == b"older\n" + expected(fog.Log.read("log.csv"))


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="this system has no /dev/shm")
def test_files_in_shared_memory_are_files(folder: Path) -> None:
    """They are written as a whole or not at all, and can be continued, as anywhere."""
    (folder / "bad.csv").write_text("time,radar.gap,lidar.gap\n0,5,5\n1,x,5\n")
    with TemporaryDirectory(dir="/dev/shm") as shared:
        out = Path(shared) / "out.csv"
        out.write_text("older")
        assert call("run", "model.toml", "bad.csv", "-o", str(out)).exit_code == 2
        assert out.read_text() == "older"
        assert call("run", "model.toml", "log.csv", "-o", str(out), "--resume").exit_code == 0
        assert out.read_bytes() == expected(fog.Log.read("log.csv"))


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
def test_a_reader_that_goes_away_is_no_complaint(folder: Path) -> None:
    (folder / "log.csv").write_text(wide(6_000))
    command = [*COMMAND, "run", "model.toml", "log.csv", "-o", "/dev/stdout"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None and child.stderr is not None
    assert child.stdout.readline().startswith(b"time,gap,gap_std")
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(timeout=60) == 1


def test_no_memory_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*given: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr("foglight.data.columns.seconds_text", exhausted)
    result = call(*RUN)
    assert result.exit_code == 1 and result.stderr == "Error: out of memory.\n"
    assert not (folder / "out.csv").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_the_words(shell: str) -> None:
    result = call("completion", shell)
    assert result.exit_code == 0
    assert f"_FOGLIGHT_COMPLETE={shell}_complete" in result.stdout
    given = {"_FOGLIGHT_COMPLETE": "bash_complete", "COMP_WORDS": "foglight run --g", "COMP_CWORD": "2"}
    result = CliRunner().invoke(main, [], env=given, prog_name="foglight")
    assert {"plain,--gap", "plain,--gate"} <= set(result.stdout.split())


def test_the_bar_shows_rows_and_rate(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    with progress.progress_bar() as phase:
        report = phase("filtering log.csv", 2_000_000)
        for done in (500_000, 1_000_000, 2_100_000):
            report(done)
            time.sleep(0.03)
    shown = capsys.readouterr()
    assert shown.out == "" and "filtering log.csv" in shown.err
    assert "2,100,000 rows" in shown.err and "rows/s" in shown.err


@pytest.mark.parametrize(
    ("rate", "text"), [(0.4, "0"), (850.0, "850"), (12_340.0, "12.3k"), (1_250_000.0, "1.2M")]
)
def test_rates_for_people(rate: float, text: str) -> None:
    assert progress._rounded(rate) == text
