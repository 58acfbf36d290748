"""`foglight tune`: the library's fit, a tuned model file that differs in numbers only, and files that stay whole."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import foglight as fog
from foglight.cli.main import main
from foglight.model import model_file
from foglight.model.model_text import with_values

MODEL = """# two sensors of a gap
[motion]
kind = "constant_velocity"
axes = ["gap"]
accel = 3   # m/s², a guess

[[sensor]]
name = "radar"
kind = "linear"
of = "gap"
std = 10.0

[[sensor]]
name = "pair"
kind = "linear"
of = ["gap", "gap_speed"]
"std" = [ 2.0, 0.5 ]  # each its own

[start]
mean = [5, 0]
std = [5, 1]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.toml").write_text(MODEL)
    for name, seed in (("monday.csv", 1), ("tuesday.csv", 2)):
        done = call("simulate", "model.toml", "-o", name, "--steps", 200, "--dt", 0.2, "--seed", seed)
        assert done.exit_code == 0, done.output
    return tmp_path


def call(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_it_prints_and_writes_what_the_library_finds(folder: Path) -> None:
    done = call("tune", "model.toml", "monday.csv", "tuesday.csv", "-o", "tuned.toml")
    assert done.exit_code == 0, done.output
    model, _ = model_file.load("model.toml")
    fit = fog.tune(model, [fog.Log.read(folder / name) for name in ("monday.csv", "tuesday.csv")])
    shown = str(fit).removesuffix("\nNot checked: fit.check() says whether the tuned model fits its log.")
    assert shown != str(fit) and done.output == f"{shown}\n{fit.check()}\nmodel: tuned.toml\n"
    unchecked = call("tune", "model.toml", "monday.csv", "tuesday.csv", "--no-check")
    assert unchecked.output == f"{fit}\n"
    as_json = json.loads(call("tune", "model.toml", "monday.csv", "tuesday.csv", "--json").output)
    assert as_json == json.loads(json.dumps(fit.as_dict())) | {"check": fit.check().sentences}
    tuned, _ = model_file.load("tuned.toml")
    assert tuned.parameters == fit.params and len(fit.params) == 4
    before, after = MODEL.splitlines(), (folder / "tuned.toml").read_text().splitlines()
    changed = [k for k, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert [before[k].partition("=")[0].strip(' "') for k in changed] == ["accel", "std", "std"]
    assert after[changed[0]].endswith("   # m/s², a guess") and after[changed[2]].endswith(
        "]  # each its own"
    )


def test_json_has_everything(folder: Path) -> None:
    done = call("tune", "model.toml", "monday.csv", "--free", "accel,radar.std", "--json", "-o", "tuned.toml")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert list(report["params"]) == ["motion.accel", "radar.std"] and report["heldout"]["rows"] == 40
    assert report["converged"] is True and done.stderr == "model: tuned.toml\n"
    assert 'std" = [ 2.0, 0.5 ]' in (folder / "tuned.toml").read_text()


def test_a_model_in_python_is_printed(folder: Path) -> None:
    (folder / "own.py").write_text(
        "import foglight as fog\n"
        "walk = fog.Model(fog.motion.constant_velocity('gap', accel=0.4), [fog.sensing.linear('radar', of='gap', "
        "std=1.0), fog.sensing.linear('pair', of=('gap', 'gap_speed'), std=1.0)], None)\n"
    )
    done = call("tune", "own.py:walk", "monday.csv", "--no-heldout", "--method", "ukf")
    assert done.exit_code == 0, done.output
    assert "pair.std" in done.output and "Held out" not in done.output
    refused = call("tune", "own.py:walk", "monday.csv", "-o", "tuned.toml")
    assert refused.exit_code == 2 and "-o writes a TOML model" in refused.output
    assert not (folder / "tuned.toml").exists()


@pytest.mark.parametrize(
    "options, says",
    [
        (["--free", ","], "expected names of parameters. Leave it out for all."),
        (["--free", "speed"], "there is no parameter 'speed'. There are: motion.accel, radar.std, "),
        (["-o", "monday.csv"], "monday.csv is the log monday.csv itself. Write to another file."),
        (["-o", "model.toml"], "model.toml is the model itself. Write to another file."),
        (["-o", "none/tuned.toml"], "there is no folder none. Create it first."),
    ],
)
def test_what_is_refused(folder: Path, options: list[str], says: str) -> None:
    done = call("tune", "model.toml", "monday.csv", *options)
    assert done.exit_code == 2 and says in " ".join(done.output.split())
    assert (folder / "model.toml").read_text() == MODEL


def test_a_gate_of_the_model_file_becomes_a_bound(folder: Path) -> None:
    """Equally wide: 99.9 % of good readings are within 3.29 standard deviations."""
    (folder / "gated.toml").write_text(MODEL + '\n[method]\nkind = "ekf"\ngate = 0.999\n')
    done = call("tune", "gated.toml", "monday.csv", "--json", "--no-heldout")
    assert done.exit_code == 0, done.output
    assert "tuned with a bound instead: EKF(huber=3.29" in done.stderr
    log, model = fog.Log.read(folder / "monday.csv"), model_file.load(str(folder / "model.toml"))[0]
    wanted = fog.tune(model, log, method=fog.EKF(huber=3.2905267314918945), heldout=False)
    assert json.loads(done.stdout)["params"] == pytest.approx(wanted.params, rel=1e-9)


def test_what_was_found_is_printed_before_it_is_written(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    done = call("tune", "model.toml", "monday.csv", "--no-heldout", "-o", "/dev/full")
    assert done.exit_code == 2 and done.stdout.startswith("Tuned: log-likelihood ")
    assert "cannot write /dev/full" in done.stderr


def test_a_layout_that_cannot_be_written_is_refused_before_the_search(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "spread.toml").write_text(MODEL.replace("[ 2.0, 0.5 ]", "[\n 2.0,\n 0.5 ]"))

    def never(*given: Any, **options: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(fog, "tune", never)
    done = call("tune", "spread.toml", "monday.csv", "-o", "tuned.toml")
    assert done.exit_code == 2 and "is not on a line of its own" in " ".join(done.stderr.split())


def test_ctrl_c_leaves_files_as_they_were(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "tuned.toml").write_text("an earlier one")

    def interrupted(*given: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(fog, "tune", interrupted)
    done = call("tune", "model.toml", "monday.csv", "-o", "tuned.toml")
    assert done.exit_code == 130 and "Interrupted: tuned.toml is as it was." in done.output
    assert (folder / "tuned.toml").read_text() == "an earlier one" and len(list(folder.iterdir())) == 4


def test_a_layout_that_is_not_understood_is_left_to_the_user() -> None:
    spread = MODEL.replace("[ 2.0, 0.5 ]", "[\n 2.0,\n 0.5 ]")
    with pytest.raises(fog.DataError, match=r"std is not on a line of its own .* pair\.gap_std = 1\.5"):
        with_values(spread, {"pair.gap_std": 1.5})
    with pytest.raises(fog.DataError, match=r"motion\.jerk is not in the model file: expected a key 'jerk'"):
        with_values(MODEL, {"motion.jerk": 1.0})


def test_numbers_are_written_with_every_bit() -> None:
    text = with_values(MODEL, {"motion.accel": 0.1 + 0.2, "pair.gap_speed_std": 1e-7})
    assert "accel = 0.30000000000000004   # m/s²" in text and '"std" = [2.0, 1e-07]  # each' in text
