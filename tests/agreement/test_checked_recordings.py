"""What a check says of recorded logs, with models that are right, wrong and crude: at most seven findings, each of
which says how much, where and what to do. Each was compared with the truth, or with the readings that it names."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.test_real_logs import example, recording

Make = Callable[[Path], fog.Run]
REMEDIES = (
    "try |multiply|subtract|Subtract|add |model it|make |give |divide|change|move|use |leave|Leave|set |tune"
)


def car(kind: str, method: Any) -> Make:
    def made(data: Path) -> fog.Run:
        script = example("laser_and_radar")
        log, _ = script.read(recording(data, "laser_and_radar"))
        return fog.run(getattr(script, kind), log, method)

    return made


def person(name: str, repeats: str) -> Make:
    return lambda data: example("mmwave").follow(recording(data, "mmwave") / name, repeats)


def echoes(data: Path) -> fog.Run:
    script = example("mmwave")
    time, distance, _ = script.echoes(recording(data, "mmwave") / "moving_points.csv.gz")
    return script.leaving(time, distance)


def robot(axle: float) -> Make:
    def made(data: Path) -> fog.Run:
        script = example("indoor_uwb")
        log, beacons, _ = script.read(recording(data, "indoor_uwb"))
        model = script.model(beacons).with_parameters({"axle": axle})
        return max(script.starts(model, log), key=lambda run: run.loglik)

    return made


def walkers(scene: str, tuned: bool) -> Make:
    def made(data: Path) -> fog.Run:
        script = example("pedestrians")
        walker, time, place = script.read(recording(data, "pedestrians") / f"{scene}.txt")
        if tuned:
            return script.predict(walker, time, place)[1]
        model = script.crowd(place, fog.sensing.linear("camera", of=("x", "y"), std=0.01))
        return fog.run(model, fog.Log.from_arrays(time, track=walker, camera=place))

    return made


def table(data: Path, folder: str, name: str, **options: Any) -> Any:
    if not (data / folder).is_dir():
        pytest.skip(f"{folder} absent")
    return np.loadtxt(data / folder / name, **options)


def beetle(accel: float, std: float) -> Make:
    """A beetle that walks straight on, then searches: x and y in cm."""

    def made(data: Path) -> fog.Run:
        x, y, time = table(data, "beetle_track", "track.csv").T
        motion = fog.motion.constant_velocity(("x", "y"), accel=accel)
        camera = fog.sensing.linear("camera", of=("x", "y"), std=std)
        model = fog.Model(motion, [camera], fog.Belief([x[0], y[0], 0.0, 0.0], std=[1.0, 1.0, 5.0, 5.0]))
        return fog.run(model, fog.Log.from_arrays(time, camera=np.column_stack([x, y])))

    return made


def battery(name: str) -> Make:
    """Volts, amperes and degrees of a battery as three random walks, which they are not."""

    def made(data: Path) -> fog.Run:
        columns = table(data, "battery_nasa", name, delimiter=",", skiprows=1)
        motion = fog.motion.random_walk(("volt", "amps", "temp"), std=(0.001, 0.01, 0.01))
        meter = fog.sensing.linear("meter", of=("volt", "amps", "temp"), std=[0.005, 0.01, 0.05])
        model = fog.Model(motion, [meter], fog.Belief(columns[0, :3], std=[0.1, 1.0, 1.0]))
        return fog.run(model, fog.Log.from_arrays(columns[:, 5], meter=columns[:, :3]))

    return made


RECORDED: list[tuple[str, Make, tuple[str, ...]]] = [
    ("a car, straight on", car("straight", fog.EKF()), ("COLOURED",)),  # it turns: see the next
    ("a car that may turn", car("turning", fog.EKF()), ("OK",)),
    ("a person", person("orig_traj.csv", "skip"), ("JUMP", "COLOURED")),  # rows 174 to 176: 3.7 m in 0.1 s
    ("a person, lost rows", person("orig_traj_withNaN.csv", "skip"), ("JUMP", "COLOURED")),
    ("a person, stale rows kept", person("orig_traj.csv", "keep"), ("JUMP", "COLOURED")),
    ("echoes", echoes, ("R_LARGE",)),
    ("a slow beetle", beetle(1.0, 0.5), ("Q_SMALL", "R_LARGE")),
    ("a beetle", beetle(2.71, 0.25), ("OK",)),  # what the check asks for above
    ("a battery, discharged", battery("00001.csv"), ("COLOURED",)),  # its load is switched
    ("a battery, charged", battery("00003.csv"), ("COLOURED",)),
]
MORE: list[tuple[str, Make, tuple[str, ...]]] = [
    ("a car that may turn, UKF", car("turning", fog.UKF()), ("OK",)),
    ("a robot", robot(-0.157), ("R_SMALL",)),  # of beacon 107, whose errors are 0.16 m, not 0.1 m
    ("a crowd before the ETH", walkers("biwi_eth", tuned=True), ("COLOURED",)),
    ("a street in Zara", walkers("crowds_zara01", tuned=True), ("OK",)),
    ("a street in Zara, guessed", walkers("crowds_zara01", tuned=False), ("Q_LARGE", "R_LARGE")),
    ("students", walkers("students003", tuned=True), ("OK",)),
]


def law(health: fog.Health) -> None:
    """At most seven findings, each with a figure, a place and a remedy; and the filter's confidence in a sentence."""
    assert len(health.findings) <= 7
    for finding in health.findings:
        place = finding.subject.replace("motion", "").replace(".", " ").split(", ")
        assert re.search(r"\d", finding.sentence) and re.search(REMEDIES, finding.sentence), finding.sentence
        assert all(name in finding.sentence.replace(".", " ") for name in place), finding.sentence
    off = [row for row in health.rows if row.statistic[:4] in ("NIS ", "NEES") and not row.inside]
    if not health.ok and any(not 0.8 < row.value < 1.25 for row in off):
        said = " ".join([*health.notes, *[finding.sentence for finding in health.findings]])
        assert "NIS" in said or "NEES" in said


@pytest.mark.parametrize(("make", "codes"), [one[1:] for one in RECORDED], ids=[one[0] for one in RECORDED])
def test_what_is_said_of_a_recorded_log(make: Make, codes: tuple[str, ...], shared_data: Path) -> None:
    health = fog.check(make(shared_data))
    law(health)
    assert health.codes == codes, str(health)


@pytest.mark.campaign
@pytest.mark.parametrize(("make", "codes"), [one[1:] for one in MORE], ids=[one[0] for one in MORE])
def test_what_is_said_of_a_long_recorded_log(make: Make, codes: tuple[str, ...], shared_data: Path) -> None:
    health = fog.check(make(shared_data))
    law(health)
    assert health.codes == codes, str(health)


def test_stale_rows_are_noted(shared_data: Path) -> None:
    notes = fog.check(person("orig_traj.csv", "keep")(shared_data)).notes
    assert any("97 of 255 rows" in note and "repeats='skip'" in note for note in notes)


@pytest.mark.campaign
@pytest.mark.parametrize("axle", [0.157, 0.0785, -0.0785])
def test_a_robot_that_is_lost_is_overconfident(axle: float, shared_data: Path) -> None:
    health = fog.check(robot(axle)(shared_data))
    law(health)
    assert not health.ok and "overconfident" in health.notes[0]
