"""A backend takes one file and one line: everything then runs on it, with the same bits."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli.main import main
from foglight.compiler.engine.engine import BACKENDS
from unit.compiler.toy_backend import PlainPython

METHODS = [fog.EKF(), fog.UKF(), fog.EKF(gate=0.99, form="joseph")]


@pytest.fixture
def registered() -> Iterator[None]:
    BACKENDS.insert(0, PlainPython())
    yield
    BACKENDS.pop(0)


def model(start: fog.Belief | None) -> fog.Model:
    return fog.Model(
        fog.motion.ctrv(accel=0.4, turn_accel=0.2),
        [
            fog.sensing.range_bearing("radar", range_std=0.5, bearing_std=0.05),
            fog.sensing.linear("gps", ("x", "y"), 1.0),
        ],
        start=start,
    )


START = fog.Belief([20.0, 5.0, 2.0, 0.3, 0.1], std=[1.0, 1.0, 0.5, 0.2, 0.1])
LOG = fog.simulate(model(START), steps=12, dt=0.1, seed=4, missing=0.2)[0]


def everything(method: object) -> list[np.ndarray]:
    fresh = model(START)
    run = fog.run(fresh, LOG, method)  # type: ignore[arg-type]
    smoothed = fog.smooth(run)
    live = fog.online(fresh, method, history=0.3)  # type: ignore[arg-type]
    z = LOG.bind(fresh)
    for k, t in enumerate(LOG.time_ns / 1e9):
        live.step(float(t), None, z[k])
    return [
        run.filtered.mean, run.nis, run.row_loglik, run.status, run.gain, run.predicted.mean,
        smoothed.mean, live.belief.mean, np.array([live.loglik]),
    ]  # fmt: skip


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_it_gives_the_bits_of_the_others(method: object, registered: None) -> None:
    found = everything(method)
    assert fog.run(model(START), LOG, method).engine == "plain Python"  # type: ignore[arg-type]
    plain = BACKENDS.pop(0)
    try:
        expected = everything(method)
    finally:
        BACKENDS.insert(0, plain)
    for one, other in zip(found, expected, strict=True):
        assert one.tobytes() == other.tobytes()


def test_an_unknown_start_and_several_tracks_run_on_it(registered: None) -> None:
    z = np.random.default_rng(1).normal(size=(3, 12, 1))
    walk = fog.Model(
        fog.motion.constant_velocity(("x",), accel=1.0), [fog.sensing.linear("gps", "x", 1.0)], start=None
    )
    run = fog.run(walk, fog.Log.regular(z, dt=0.5))
    assert run.engine.startswith("plain Python")
    assert np.isfinite(fog.smooth(run).mean).all() and fog.check(run).findings is not None


def test_the_command_line_runs_on_it(
    registered: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.toml").write_text(
        '[motion]\nkind = "random_walk"\nstates = ["gap"]\nstd = 0.4\n\n'
        '[[sensor]]\nname = "radar"\nkind = "linear"\nof = "gap"\nstd = 0.8\n\n[start]\nmean = [5]\nstd = [5]\n'
    )
    Path("log.csv").write_text("time,radar\n0,1.5\n1,\n2,1.25\n")
    done = CliRunner().invoke(main, ["run", "model.toml", "log.csv", "-o", "out.csv"])
    assert done.exit_code == 0, done.output
    assert len(Path("out.csv").read_text().splitlines()) == 4
