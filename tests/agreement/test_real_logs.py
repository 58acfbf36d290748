"""The examples on recorded logs reach the figures that they state, and say in one line where a log is absent."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import foglight as fog
from agreement.generated_c import FLAGS, Compiled, need_gcc
from foglight.compiler.backends import interpreter
from foglight.compiler.engine.cache import engine_of
from oracle import udacity

EXAMPLES = Path(__file__).parents[2] / "examples" / "real"
SCRIPTS = sorted(path for path in EXAMPLES.glob("*.py") if path.stem != "recorded")
RECORDINGS = {
    "battery": "battery_nasa",
    "indoor_uwb": "libRSF_indoor_uwb",
    "laser_and_radar": "udacity_obj_pose",
    "mmwave": "mmwave_person_sot",
    "pedestrians": "eth_ucy",
}


def example(name: str, folder: Path = EXAMPLES) -> ModuleType:
    """The script as a module, which finds its neighbours as it does when it is run."""
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def recording(shared_data: Path, script: str) -> Path:
    folder = shared_data / RECORDINGS[script]
    if not folder.is_dir():
        pytest.skip(f"{folder.name} absent")
    return folder


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_without_its_log_a_script_says_so_and_ends_well(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOGLIGHT_SHARED_DATA", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        example(path.stem).main()
    assert ended.value.code == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("skipped: ") and RECORDINGS[path.stem] in line
    assert "licen" in path.read_text() or "MIT" in path.read_text() or "CC BY" in path.read_text()


def test_a_script_runs_as_the_page_says(shared_data: Path) -> None:
    recording(shared_data, "laser_and_radar")
    command = [sys.executable, str(EXAMPLES / "laser_and_radar.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "turning, UKF" in done.stdout and not done.stderr


SAID = {
    "battery": [
        "0.0 % off after 5 rows",
        "R0 = 0.377 Ω",
        "resistance of the discharge: 11.0 %",
        "its own: 2.9 %",
    ],
    "indoor_uwb": ["+175, 0.083 m from the truth", "too long by 0.109 m, give or take 0.007 m"],
    "mmwave": ["97 stale rows", "lost rows 4, 16, 47, 92, 148, 183, 209, 249: bridged", "in 100% of those"],
    "pedestrians": ["crowds_zara01, 148 walkers", "a filter by 0.0438 m", "EKF(iterations=5"],
}


@pytest.mark.parametrize("name", SAID)
def test_what_a_script_says(
    name: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recording(shared_data, name)
    monkeypatch.setenv("FOGLIGHT_SHARED_DATA", str(shared_data))
    script = example(name)
    if name == "pedestrians":
        monkeypatch.setattr(script, "SCENES", ("crowds_zara01",))  # one is enough to see that it speaks
    script.main()
    said = capsys.readouterr().out
    for words in SAID[name]:
        assert words in said


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_a_battery_has_the_same_charge_on_every_backend(
    method: Any, shared_data: Path, tmp_path: Path
) -> None:
    """With a table in its sensor, and an input of both: as machine code, interpreted, and as C."""
    need_gcc()
    script = example("battery")
    data = recording(shared_data, "battery")
    discharge, charge = script.read(data / "00001.csv"), script.read(data / "00003.csv")
    run = fog.run(script.cell(discharge), charge.log, method)
    engine: Any = engine_of(run.model, method, "result")
    carry, records = engine.run(run._arrays)
    assert run.engine.startswith("llvm")
    for other in (
        interpreter.scan(engine.kernel, run._arrays),
        Compiled(engine.kernel, tmp_path, FLAGS["gcc -O2"]).run(run._arrays),
    ):
        assert (other[0].tobytes(), other[1].tobytes()) == (carry.tobytes(), records.tobytes())


# A robot among radio beacons.


@pytest.fixture(scope="module")
def robot(shared_data: Path) -> Any:
    script = example("indoor_uwb")
    log, beacons, truth = script.read(recording(shared_data, "indoor_uwb"))
    return script, log, beacons, truth, script.model(beacons)


def error(robot: Any, runs: list[fog.Run]) -> float:
    script, _, _, truth, _ = robot
    return float(script.rms(script.path(runs), truth))


def test_the_robot_is_found_with_the_bias_estimated(robot: Any) -> None:
    script, log, _, truth, model = robot
    runs = script.starts(model, log)
    assert error(robot, runs) == pytest.approx(
        0.083, abs=5e-4
    )  # asked: 0.20; with the bias removed by hand: 0.244
    last = max(runs, key=lambda run: run.loglik).belief
    ranges = log.bind(model)
    far = np.column_stack([np.hypot(*(truth - at).T) for at in robot[2].values()])
    assert abs(last.mean[3] - np.nanmean(ranges - far)) < 2 * last.std[3]  # the bias that the truth shows
    assert script.weights(runs).sum(axis=0) == pytest.approx(np.ones(len(log)))


def test_nothing_looks_ahead(robot: Any) -> None:
    """Each row's estimate is the last row's of a log that ends there."""
    script, log, _, _, model = robot
    whole = script.path(script.starts(model, log))
    ends = 100
    columns = {name: block[:ends] for name, block in log.blocks.items()}
    short = fog.Log.from_arrays(log.time_ns[:ends] / 1e9, u=log.u[:ends], **columns)
    assert script.path(script.starts(model, short)) == pytest.approx(whole[:ends], abs=1e-9)


def test_the_likelihood_alone_reads_the_wheels_right(robot: Any) -> None:
    script, log, _, _, model = robot

    def loglik(axle: float) -> float:
        return float(script.loglik(script.starts(model.with_parameters({"axle": axle}), log)))

    readings = {axle: loglik(axle) for axle in script.AXLES}
    assert max(readings, key=lambda axle: readings[axle]) == -0.157
    expected = {0.0785: -2705, -0.0785: -2438, 0.157: -4900, -0.157: 175}
    assert readings == pytest.approx(expected, abs=0.6)
    fitted = minimize_scalar(
        lambda axle: -loglik(axle), bounds=(-0.2, -0.12), method="bounded", options={"xatol": 1e-3}
    )
    assert fitted.x == pytest.approx(-0.157, abs=0.006)  # it also measures the axle


def test_what_helps_the_robot_and_how_much(robot: Any) -> None:
    script, log, _, _, model = robot
    x, y, way, _ = model.start.mean
    place, turn = [1.0, 1.0], np.pi / 8
    no_bias = model.with_start(fog.Belief([x, y, way, 0.0], std=[*place, turn, 0.0]))
    by_hand = model.with_start(fog.Belief([x, y, way, 0.1], std=[*place, turn, 0.0]))
    any_way = model.with_start(fog.Belief([x, y, way, 0.0], std=[*place, 1.8, 0.1]))
    columns = dict(log.blocks)
    later = fog.Log.from_arrays(log.time_ns / 1e9, u=np.vstack([log.u[1:], log.u[-1:]]), **columns)
    variants = {
        "no bias": script.starts(no_bias, log),
        "by hand": script.starts(by_hand, log),
        "each": script.starts(own_biases(robot), log),
        "one start": [fog.run(any_way, log)],
        "one start, UKF": [fog.run(any_way, log, fog.UKF())],
        "UKF": script.starts(model, log, fog.UKF()),
        "iterated": script.starts(model, log, fog.EKF(iterations=3)),
        "wheels later": script.starts(model, later),
    }
    found = {name: (script.loglik(runs), error(robot, runs)) for name, runs in variants.items()}
    stated = {
        "no bias": (57, 0.161),
        "by hand": (177, 0.087),
        "each": (174, 0.121),
        "one start": (17, 0.198),
        "one start, UKF": (158, 0.104),
        "UKF": (172, 0.091),
        "iterated": (175, 0.084),
        "wheels later": (164, 0.091),
    }
    for name, (loglik, off) in stated.items():
        assert found[name][0] == pytest.approx(loglik, abs=0.6), name
        assert found[name][1] == pytest.approx(off, abs=6e-4), name


def own_biases(robot: Any) -> fog.Model:
    """The robot with a bias for each beacon in place of one for all."""
    script, _, beacons, _, model = robot
    names = [f"{name}_bias" for name in beacons]

    def drive(x: Any, dt: Any, p: Any, u: Any) -> list[Any]:
        turn = (u.right - u.left) / p.axle * dt
        ahead = (u.right + u.left) / 2 * dt
        way = x.heading + turn / 2
        return [x.x + ahead * np.cos(way), x.y + ahead * np.sin(way), x.heading + turn, *x[3:]]

    def noise(x: Any, dt: Any, p: Any, u: Any) -> fog.noise.Factored:
        common = script.wheel_noise(x, dt, p, u)
        return fog.noise.factored([*common.G[:3].tolist(), *[[0, 0]] * len(names)], common.variances)

    def beacon(name: str, at: Any) -> fog.Sensor:
        return fog.Sensor(
            name,
            ("range",),
            lambda x, p: [np.hypot(x.x - at[0], x.y - at[1]) + getattr(x, f"{name}_bias")],
            lambda x, p: [[p.std**2]],
            params={"std": 0.1},
        )

    motion = fog.Motion(
        ("x", "y", "heading", *names),
        drive,
        noise,
        params=dict(model.motion.params),
        controls=("right", "left"),
        angles=("heading",),
    )
    start = fog.Belief([*model.start.mean[:3], 0, 0, 0, 0], std=[*model.start.std[:3], *[0.1] * 4])
    return fog.Model(motion, [beacon(name, at) for name, at in beacons.items()], start)


# Pedestrians.

BASELINE = {"biwi_eth": 0.1861, "crowds_zara01": 0.0453, "students003": 0.0609}
FORETOLD = {"biwi_eth": 0.1793, "crowds_zara01": 0.0438, "students003": 0.0589}
RADAR = {  # raw points, then each method
    "biwi_eth": [0.449, 0.426, 0.464, 0.306],
    "crowds_zara01": [0.383, 0.310, 0.307, 0.232],
    "students003": [0.438, 0.307, 0.323, 0.272],
}


@pytest.mark.parametrize("scene", BASELINE)
def test_walkers_foretold_and_followed(scene: str, shared_data: Path) -> None:
    script = example("pedestrians")
    walker, time, place = script.read(recording(shared_data, "pedestrians") / f"{scene}.txt")
    rows = script.from_third(walker)
    ruler = script.ruler(walker, place)
    assert BASELINE[scene] - 1e-4 < ruler <= BASELINE[scene]

    model, run = script.predict(walker, time, place)
    foretold = run.predicted.mean[:, :2]
    missed = script.distance(foretold[rows], place[rows])
    assert missed == pytest.approx(FORETOLD[scene], abs=6e-5)
    assert missed <= BASELINE[scene]
    unseen = walker % 2 == 1  # the parameters were chosen on the others
    assert script.distance(foretold[rows & unseen], place[rows & unseen]) < script.ruler(
        walker[unseen], place[unseen]
    )

    at, reports = script.scan(walker, time, place)
    runs = script.track(walker, time, place, at, reports, model.parameters["motion.accel"])
    means = [script.points(at, reports), *[run.filtered.mean[:, :2] for run in runs]]
    assert [script.distance(mean[rows], place[rows]) for mean in means] == pytest.approx(
        RADAR[scene], abs=6e-4
    )
    assert 2.75 < np.nanmean(runs[-1].nis) < 2.95 < 3.8 < min(np.nanmean(run.nis) for run in runs[:-1])


# A person before a millimetre-wave radar.


def test_repeats_are_no_news(shared_data: Path) -> None:
    script = example("mmwave")
    path = recording(shared_data, "mmwave") / "orig_traj.csv"
    run, kept = script.follow(path), script.follow(path, "keep")
    z = np.loadtxt(path, delimiter=",", skiprows=1)
    stale = np.flatnonzero((z[1:] == z[:-1]).all(axis=1)) + 1
    assert len(stale) == 97
    assert np.array_equal(np.flatnonzero(run.status & fog.Status.REPEATED), stale)
    assert not (kept.status & fog.Status.REPEATED).any()
    std = run.filtered.std
    assert (std[stale, :3] > std[stale - 1, :3]).all()
    assert (kept.filtered.std[stale, :3].mean(axis=0) < 0.9 * std[stale, :3].mean(axis=0)).all()
    assert np.isfinite(run.filtered.mean).all()


def test_holes_are_bridged(shared_data: Path) -> None:
    script = example("mmwave")
    run = script.follow(recording(shared_data, "mmwave") / "orig_traj_withNaN.csv")
    lost = np.array([4, 16, 47, 92, 148, 183, 209, 249])
    silent = np.flatnonzero(run.status & fog.Status.MISSING)
    assert set(lost) <= set(silent)
    std = run.filtered.std[:, :3]
    assert (std[lost] > std[lost - 1]).all()  # the belief widens in the hole
    heard = [next(k for k in range(row, len(std)) if run.status[k] & fog.Status.USED) for row in lost]
    assert (std[heard] < std[np.array(heard) - 1]).all()  # and narrows at the next reading
    steps = np.linalg.norm(np.diff(run.filtered.mean[:, :3], axis=0), axis=1)
    assert (
        np.isfinite(run.filtered.mean).all()
        and (steps[lost - 1] < 2 * np.linalg.norm(std[lost], axis=1)).all()
    )


def test_ranges_and_doppler_agree_on_who_leaves(shared_data: Path) -> None:
    script = example("mmwave")
    time, distance, doppler = script.echoes(recording(shared_data, "mmwave") / "moving_points.csv.gz")
    speed = script.leaving(time, distance).filtered.mean[:, 1]
    walking = np.abs(speed) > script.MOVING
    assert walking.sum() > 100
    assert np.array_equal(np.sign(speed[walking]), np.sign(doppler[walking]))
    assert np.median(np.abs(speed - doppler)[walking]) < 0.25


# A laser and a radar.


def test_laser_and_radar_are_within_the_rubric(shared_data: Path) -> None:
    script = example("laser_and_radar")
    log, truth = script.read(recording(shared_data, "laser_and_radar"))
    checked = udacity.read(shared_data)
    assert np.array_equal(truth, checked.truth)
    assert np.array_equal(log.blocks["radar"], checked.radar, equal_nan=True)
    runs = dict(script.runs(log))
    assert (script.rmse(runs["straight on, EKF"], truth) <= udacity.EKF_RUBRIC).all()
    assert (script.rmse(runs["turning, EKF"], truth) <= udacity.EKF_RUBRIC).all()
    assert (script.rmse(runs["turning, UKF"], truth) <= udacity.UKF_RUBRIC).all()
    logliks = [run.loglik for run in runs.values()]
    assert logliks == pytest.approx([456, 555, 577], abs=0.6)
    late = slice(10, None)  # what is not known is where it heads at first
    early = [script.rmse(runs[f"turning, {method}"], truth)[2:] for method in ("EKF", "UKF")]
    later = [
        np.sqrt(((script.cartesian(runs[f"turning, {method}"]) - truth)[late, 2:] ** 2).mean(axis=0))
        for method in ("EKF", "UKF")
    ]
    assert (early[0] > 1.15 * early[1]).all()
    assert (later[0] < 1.02 * later[1]).all()
    for name, value in (("accel", 0.3), ("accel", 1.0), ("turn_accel", 0.3), ("turn_accel", 1.0)):
        other = script.turning.with_parameters({name: value})
        assert fog.run(other, log, fog.UKF()).loglik < logliks[-1], "accel and turn_accel are the likeliest"
