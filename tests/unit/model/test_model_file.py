"""Models from files: every ready-made part can be named, and errors name what does not fit."""

import inspect
import sys

import numpy as np
import pytest

import foglight as fog
from foglight.core.errors import ModelError
from foglight.model import model_file, motion, sensing, turning_motion

WALK = """
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
"""


def write(tmp_path, text, name="model.toml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_file_gives_the_model_that_python_gives(tmp_path):
    model, method = model_file.read(write(tmp_path, WALK))
    same = fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.4),
        [fog.sensing.linear("radar", of="gap", std=0.8)],
        start=fog.Belief([5, 0], std=[5, 1]),
    )
    assert model.state == ("gap", "gap_speed")
    assert model.start.names == model.state
    assert model.parameters == same.parameters == {"motion.accel": 0.4, "radar.std": 0.8}
    assert method == fog.EKF()
    log, _ = fog.simulate(same, 50, 0.1, 1)
    assert fog.run(model, log).loglik == fog.run(same, log).loglik


def test_every_public_motion_and_sensor_is_in_the_tables():
    for modules, table, kind in (
        ((motion, turning_motion), model_file.MOTIONS, fog.Motion),
        ((sensing,), model_file.SENSORS, fog.Sensor),
    ):
        public = {
            name
            for module in modules
            for name, part in vars(module).items()
            if inspect.isfunction(part) and part.__module__ == module.__name__ and not name.startswith("_")
        }
        assert set(table) == public
        for part in table.values():
            assert inspect.signature(part).return_annotation in (kind, kind.__name__)


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ('[method]\nkind = "kf"\nform = "joseph"', fog.KF(form="joseph")),
        ('[method]\nkind = "ekf"\niterations = 3', fog.EKF(iterations=3)),
        ('[method]\nkind = "ukf"\nalpha = 0.5', fog.UKF(alpha=0.5)),
        ('[method]\nkind = "ckf"', fog.CKF()),
    ],
)
def test_methods_take_their_options(tmp_path, text, method):
    assert model_file.read(write(tmp_path, WALK + text))[1] == method


def test_two_sensors_and_a_full_start(tmp_path):
    text = """
[motion]
kind = "ctrv"
accel = 1
turn_accel = 0.3
[[sensor]]
name = "radar"
kind = "range_bearing"
at = [1, -2]
range_std = 0.3
bearing_std = 0.05
[[sensor]]
name = "lidar"
kind = "linear"
of = ["x", "y"]
std = [0.1, 0.2]
[start]
mean = [1, 2, 3, 0, 0]
cov = [[1, 0.5, 0, 0, 0], [0.5, 2, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]]
"""
    model, _ = model_file.read(write(tmp_path, text))
    assert [sensor.name for sensor in model.sensors] == ["radar", "lidar"]
    np.testing.assert_array_equal(model.start.cov[:2, :2], [[1, 0.5], [0.5, 2]])


@pytest.mark.parametrize(
    ("before", "after", "field", "words"),
    [
        (
            "accel = 0.4",
            "acel = 0.4",
            "acel",
            ["[motion]", "unknown key 'acel'", "axes, accel", "Did you mean 'accel'"],
        ),
        ("accel = 0.4", "", "accel", ["has no accel"]),
        ("accel = 0.4", "accel = -0.4", "accel", ["accel = -0.4"]),
        ("accel = 0.4", "accel = true", "accel", ["accel = True"]),
        ("accel = 0.4", "accel = 2026-01-01", "accel", ["accel = "]),
        ("accel = 0.4", "accel = nan", "accel", ["nan"]),
        ("accel = 0.4", 'accel = "0.4"', "accel", ["accel"]),
        (
            '"constant_velocity"',
            '"constant_velocty"',
            "kind",
            ["constant_velocty", "Did you mean 'constant_velocity'"],
        ),
        ('"constant_velocity"', '"os.system"', "kind", ["'os.system'", "expected one of random_walk"]),
        ('"constant_velocity"', "7", "kind", ["kind = 7"]),
        ('kind = "linear"', "", "kind", ["[[sensor]] 1 has no kind"]),
        ('of = "gap"', 'of = "speed"', "speed", ["sensor 'radar' looks at 'speed'", "gap, gap_speed", "of="]),
        ('name = "radar"', "", "name", ["has no name"]),
        ('name = "radar"', 'name = "a b"', None, ["'a b'"]),
        ("[[sensor]]", "[sensor]", "sensor", ["[[sensor]]", "double brackets"]),
        ("[motion]", "[moton]", "moton", ["unknown key 'moton'", "Did you mean 'motion'"]),
        ("[start]", "[start.deep]", None, ["[start] has an unknown key 'deep'"]),
        ("mean = [5, 0]", "", "mean", ["no mean"]),
        ("mean = [5, 0]", "mean = [5, 0, 1]", None, ["3"]),
        ("std = [5, 1]", "std = [5, -1]", "std", ["std[1] = -1"]),
        ("std = [5, 1]", "", None, ["std, cov"]),
        ("std = [5, 1]", 'std = [5, 1]\n[method]\nkind = "pf"', "kind", ["[method]", "kf, ekf, ukf, ckf"]),
        ("std = [5, 1]", 'std = [5, 1]\n[method]\nkind = "ukf"\nalpa = 1', "alpa", ["'alpa'", "'alpha'"]),
        ("std = [5, 1]", "std = [5, 1", None, ["is not TOML"]),
        ("mean = [5, 0]", "mean = [[5], [0, 1]]", "mean", ["[start]", "mean has rows of different lengths"]),
        ("mean = [5, 0]", "mean = [5]", None, ["std has 2 entries, expected 1"]),
        (
            "mean = [5, 0]\nstd = [5, 1]",
            "mean = [5]\nstd = [5]",
            "start",
            ["start has 1 states: expected 2 (gap, gap_speed)"],
        ),
        (
            "std = [5, 1]",
            'std = [5, 1]\n[method]\nkind = "ckf"\nform = "joseph"',
            "form",
            ["expected gate, huber, student, recover"],
        ),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, before, after, field, words):
    assert WALK.count(before) == 1
    path = write(tmp_path, WALK.replace(before, after))
    with pytest.raises(ModelError) as caught:
        model_file.read(path)
    assert str(caught.value).startswith(str(path))
    if field is not None:
        assert caught.value.field == field
    for word in words:
        assert word in str(caught.value)


def test_missing_tables_are_named(tmp_path):
    for table, word in (
        ("[motion]", "one [motion] table"),
        ("[start]", "one [start] table"),
        ("[[sensor]]", "[[sensor]]"),
    ):
        text = WALK[: WALK.index(table)] + WALK[WALK.index(table) + len(table) :].partition("\n\n")[2]
        with pytest.raises(ModelError) as caught:
            model_file.read(write(tmp_path, text))
        assert word in str(caught.value)


def test_unreadable_files_are_named(tmp_path):
    with pytest.raises(ModelError, match="No such file"):
        model_file.load(str(tmp_path / "absent.toml"))
    with pytest.raises(ModelError, match=r"offset 9 is not UTF-8"):
        model_file.read(write(tmp_path, b"[motion]\n\xff"))
    with pytest.raises(ModelError, match="larger than"):
        model_file.read(write(tmp_path, "#" * 1_000_001))
    with pytest.raises(ModelError, match="is not TOML"):
        model_file.read(write(tmp_path, "a = " + "[" * 100_000))


PYTHON = """
import foglight as fog
walk = fog.Model(
    fog.motion.random_walk("level", std=2.0), [fog.sensing.linear("gauge", of="level", std=3.0)],
    start=fog.Belief([1.0], std=[2.0]),
)
other = 5
"""


def test_a_python_file_gives_the_model_of_that_name(tmp_path):
    path = write(tmp_path, PYTHON, "mine.py")
    model, method = model_file.load(f"{path}:walk")
    assert model.parameters == {"motion.std": 2.0, "gauge.std": 3.0}
    assert method == fog.EKF()


def test_a_python_file_may_import_modules_in_its_folder(tmp_path):
    write(tmp_path, PYTHON, "neighbour_of_mine.py")
    path = write(tmp_path, "from neighbour_of_mine import walk\n", "mine.py")
    before = list(sys.path)
    assert model_file.load(f"{path}:walk")[0].state == ("level",)
    assert sys.path == before


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (PYTHON, ":other", ["no fog.Model called 'other'", "found walk"]),
        (PYTHON, ":absent", ["no fog.Model called 'absent'"]),
        (PYTHON, "", ["Write", "mine.py:model"]),
        ("a = 1\nb = a / 0\n", ":walk", ["mine.py, line 2: ZeroDivisionError"]),
        ("a = (\n", ":walk", ["SyntaxError"]),
        ("import foglight\nfoglight.Belief([1.0], std=[-1.0])\n", ":walk", ["mine.py, line 2: std[0] = -1"]),
        ("import sys\nsys.exit(3)\n", ":walk", ["mine.py, line 2: SystemExit: 3"]),
    ],
)
def test_errors_in_python_files(tmp_path, text, name, words):
    path = write(tmp_path, text, "mine.py")
    with pytest.raises(ModelError) as caught:
        model_file.load(f"{path}{name}")
    for word in words:
        assert word in str(caught.value)
