"""`foglight compare`: the table and the JSON are the library's; bad input is one line and exit code 2."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import foglight as fog
from foglight.cli.main import main
from foglight.model import model_file

MODEL = """
[motion]
kind = "constant_velocity"
axes = ["x", "y"]
accel = 0.5
[[sensor]]
name = "radar"
kind = "range_bearing"
of = ["x", "y"]
range_std = 0.3
bearing_std = 0.02
[start]
mean = [40, 20, 1, 0.5]
std = [6, 5, 1, 1]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    (folder / "model.toml").write_text(MODEL)
    done = call(
        "simulate", folder / "model.toml", "-o", folder / "log.csv", "--steps", 120, "--dt", 0.1, "--seed", 2,
        "--truth", folder / "truth.csv",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return folder


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_table_is_the_librarys(folder: Path) -> None:
    done = call("compare", folder / "model.toml", folder / "log.csv", "--truth", folder / "truth.csv")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Use EKF(): radar.range bends by at most")
    assert lines[2].split()[:2] == ["method", "loglik"] and "RMSE x_speed" in lines[2] and "NEES" in lines[2]
    assert [line.split()[0] for line in lines[3:8]] == [
        "KF()",
        "EKF()",
        "EKF(iterations=3)",
        "UKF()",
        "CKF()",
    ]
    assert lines[8].startswith("KF(): radar.measure is not linear in the state")
    model, _ = model_file.load(str(folder / "model.toml"))
    run = fog.run(model, fog.Log.read(folder / "log.csv"))
    assert lines[4].split()[1] == f"{run.loglik:.6g}"


def test_json_is_plain(folder: Path) -> None:
    words = ("--method", "ekf", "--method", "IEKF", "--json")
    done = call("compare", folder / "model.toml", folder / "log.csv", *words)
    assert done.exit_code == 0, done.output
    table = json.loads(done.stdout)
    assert [row["method"] for row in table["methods"]] == ["EKF()", "EKF(iterations=3)"]
    assert table["best"] == "EKF()" and table["linear"] is False and "rmse_x" not in table["methods"][0]
    assert table["curvature"]["of"] == "radar.range" and 0.0 < table["curvature"]["typical"] < 0.1


def test_truth_of_some_states_at_some_stamps_will_do(folder: Path) -> None:
    lines = (folder / "truth.csv").read_text().splitlines()
    some = [",".join(line.split(",")[:2]) for line in lines[:1] + lines[5:60]]
    (folder / "some.csv").write_text("\n".join([*some, ""]))
    done = call(
        "compare",
        folder / "model.toml",
        folder / "log.csv",
        "--truth",
        folder / "some.csv",
        "--method",
        "ekf",
    )
    assert done.exit_code == 0, done.output
    head = done.stdout.splitlines()[2]
    assert "RMSE x" in head and "RMSE y" not in head


@pytest.mark.parametrize(
    "words, says",
    [
        (("--truth", "nowhere.csv"), "nowhere.csv"),
        (("--method", "mcmc"), "'mcmc' is not one of"),
        (("--method", "kf"), "radar.measure is not linear"),
        (("--method", "ekf", "--method", "ekf"), "this is a duplicate"),
        (("--truth", "log.csv"), "column 'radar.range' is not a state of the model"),
    ],
)
def test_bad_input_is_one_line(
    folder: Path, words: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    done = call("compare", "model.toml", "log.csv", *words)
    assert done.exit_code == 2 and says in done.stderr and "Traceback" not in done.output


def test_help_shows_an_example() -> None:
    assert "foglight compare model.toml log.csv" in call("compare", "--help").stdout


def test_gates_of_the_model_file_are_kept(folder: Path) -> None:
    (folder / "gated.toml").write_text(
        MODEL + '[method]\nkind = "ekf"\ngate = 0.9\n[method.huber]\nradar = 2.0\n'
    )
    done = call("compare", folder / "gated.toml", folder / "log.csv", "--method", "ukf", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["methods"][0]["method"] == "UKF(gate=0.9, huber={'radar': 2.0})"
