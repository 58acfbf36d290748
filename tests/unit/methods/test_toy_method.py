"""Adding a method takes one file and one line: it then runs everywhere, as an object and by its name."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli.main import main
from foglight.methods.registry import METHODS
from unit.methods.toy_method import Wary

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

[start]
mean = [5, 0]
std = [5, 1]

[method]
kind = "wary"
"""
SQRT2 = 2.0**0.5


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "wary", Wary)


def model(accel: float) -> fog.Model:
    return fog.Model(
        fog.motion.constant_velocity(("gap",), accel=accel),
        [fog.sensing.linear("radar", of="gap", std=0.8)],
        start=fog.Belief([5, 0], std=[5, 1]),
    )


def log() -> fog.Log:
    return fog.simulate(model(0.4), steps=60, dt=0.1, seed=3, missing=0.1)[0]


def close(one: np.ndarray, other: np.ndarray) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)


def test_it_runs_smooths_and_is_checked_as_the_filter_that_it_is() -> None:
    wary, twice = fog.run(model(0.4), log(), Wary()), fog.run(model(0.4 * SQRT2), log(), fog.EKF())
    assert wary.engine.startswith("llvm") and repr(Wary()) == "Wary()"
    close(wary.filtered.mean, twice.filtered.mean)
    close(wary.nis, twice.nis)
    close(fog.smooth(wary).mean, fog.smooth(twice).mean)
    close(fog.smooth(wary).cov, fog.smooth(twice).cov)
    assert fog.check(wary).codes == fog.check(twice).codes
    assert [row.method for row in fog.compare(model(0.4), log(), [Wary(), fog.EKF()]).rows] == [
        Wary(),
        fog.EKF(),
    ]


def test_it_runs_online_and_is_saved_and_restored(tmp_path: Path) -> None:
    z = log().bind(model(0.4))[:, 0]
    live = fog.online(model(0.4), Wary())
    for k in range(30):
        live.step(0.1 * k, "radar", z[k])
    live.save(tmp_path / "wary.live")
    again = fog.restore(tmp_path / "wary.live", model(0.4))
    assert again.method == Wary()
    for k in range(30, len(z)):
        again.step(0.1 * k, "radar", z[k])
    close(again.belief.mean, fog.run(model(0.4), log(), Wary()).belief.mean)


def test_once_the_start_is_known_it_is_the_method_and_not_the_ekf() -> None:
    """While part of the start is unknown every method is linearised; from then on, in any kernel, it is itself."""
    z = log().bind(model(0.4))[:, 0]
    run = fog.run(model(0.4).with_start(None), log(), Wary())
    known = int(np.flatnonzero(np.isfinite(run.filtered.std).all(axis=1))[0])
    before = fog.Belief(run.filtered.mean[known], cov=run.filtered.cov[known])
    rest = fog.Log.from_arrays(
        log().time_ns[known:] / 1e9, radar=np.where(np.arange(len(z)) > known, z, np.nan)[known:]
    )
    close(run.filtered.mean[-1], fog.run(model(0.4).with_start(before), rest, Wary()).filtered.mean[-1])
    close(run.filtered.mean[-1], fog.run(model(0.4 * SQRT2).with_start(before), rest).filtered.mean[-1])


def test_a_model_file_and_the_command_line_know_it_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wary.toml").write_text(MODEL)
    Path("plain.toml").write_text(MODEL.partition("[method]")[0])
    log().write("log.csv")
    assert fog.load_model("wary.toml").method == Wary()
    words = {
        "wary.toml": ["run", "wary.toml", "log.csv", "-o", "a.csv"],
        "--method": ["run", "plain.toml", "log.csv", "-o", "b.csv", "--method", "wary"],
    }
    for command in words.values():
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()
    checked = CliRunner().invoke(main, ["check", "plain.toml", "log.csv", "--method", "wary", "--json"])
    assert json.loads(checked.stdout)["codes"] == list(fog.check(fog.run(model(0.4), log(), Wary())).codes)
    refused = CliRunner().invoke(main, ["run", "plain.toml", "log.csv", "-o", "c.csv", "--method", "kalman"])
    assert (
        refused.exit_code == 2
        and "'kalman' is not one of 'kf', 'ekf', 'ukf', 'ckf', 'wary'." in refused.stderr
    )
