"""The demo: its words are true of the numbers that it prints, and its files hold what it claims."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli import demo
from foglight.cli.main import main
from foglight.core.errors import DataError
from foglight.model import model_file

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    out = tmp_path_factory.mktemp("story") / "demo"
    result = CliRunner().invoke(main, ["demo", "-o", str(out)])
    assert result.exit_code == 0, result.stderr
    return result.stdout, out


def numbers(line):
    return [float(text) for text in re.findall(r"-?\d+\.\d+", line)]


def row(text, label):
    return numbers(next(line for line in text.splitlines() if line.strip().startswith(label + " ")))


def column(path, *names):
    with path.open(newline="") as file:
        return np.array([[float(line[name]) for name in names] for line in csv.DictReader(file)])


def test_the_story_is_in_order(story):
    text, _ = story
    positions = [
        text.index(start) for start in ("1. Two witnesses", "2. Again", "3. Two dimensions", "Estimates:")
    ]
    assert positions == sorted(positions)
    assert max(len(line) for line in text.split("Estimates:")[0].splitlines()) <= 120


def test_the_weights_are_shares_of_precision(story):
    lines = story[0].splitlines()
    known = next(numbers(line) for line in lines if "what we know" in line)
    radar = next(numbers(line) for line in lines if "what the radar says" in line)
    both = next(numbers(line) for line in lines if "both" in line)
    precision = np.array([known[1] ** -2, radar[1] ** -2])
    np.testing.assert_allclose([known[2], radar[2]], precision / precision.sum(), atol=0.01)
    assert both[1] == pytest.approx(precision.sum() ** -0.5, abs=0.01)
    assert both[0] == pytest.approx((precision @ [known[0], radar[0]]) / precision.sum(), abs=0.01)


def test_the_gain_settles_where_the_steady_state_is(story):
    text, _ = story
    gains = numbers(next(line for line in text.splitlines() if line.strip().startswith("gain ")))
    assert gains == sorted(gains, reverse=True)
    reached = float(re.search(r"settles: (\d\.\d+)", text)[1])
    solved = float(re.search(r"and (\d\.\d+) solved", text)[1])
    assert reached == pytest.approx(solved, abs=2e-6)
    assert gains[-1] == pytest.approx(solved, rel=0.1)
    after, before = numbers(next(line for line in text.splitlines() if "in a row it is" in line))
    assert after > 2 * before


def test_the_table_is_what_the_files_hold(story):
    text, out = story
    names = ("ahead", "aside", "ahead_speed", "aside_speed")
    truth = column(out / "truth.csv", *names)
    for label in ("KF", "EKF", "UKF"):
        errors = column(out / f"estimates-{label.lower()}.csv", *names) - truth
        np.testing.assert_allclose(row(text, label)[:4], np.sqrt(np.mean(errors**2, axis=0)), atol=6e-4)


def test_the_words_are_true_of_the_numbers(story):
    text, _ = story
    kf, ekf, ukf = (row(text, label) for label in ("KF", "EKF", "UKF"))
    mean, low, high, far, near = kf[4:9]
    assert mean > high
    assert far > 1.3
    assert near < 0.8
    for filtered in (ekf, ukf):
        mean, low, high, far, near = filtered[4:9]
        assert low < mean < high
        assert abs(far - 1) < 0.2
        assert abs(near - 1) < 0.2
        assert filtered[1] < kf[1]  # aside, where the KF's noise is wrong
    np.testing.assert_allclose(ekf[:4], ukf[:4], atol=0.005)
    raw = row(text, "raw")
    assert ekf[0] < 0.5 * raw[0]
    assert ekf[1] < 0.5 * raw[1]


def test_the_nis_band_counts_what_was_measured():
    model, _ = model_file.read(demo.data_folder() / "pedestrian.toml")
    log = fog.Log.read(demo.data_folder() / "pedestrian.csv")
    run = fog.run(model, log)
    from scipy.stats import chi2

    from foglight.diagnostics.chi_square import nis_band

    components = int(np.sum(~np.isnan(log.bind(model))))
    band = nis_band(run)
    assert band.components == components < 2 * len(log)
    assert band.low == pytest.approx(chi2.ppf(0.025, components) / components, rel=1e-12)
    assert band.high == pytest.approx(chi2.ppf(0.975, components) / components, rel=1e-12)
    assert band.mean == pytest.approx(np.nansum(run.nis) / components, rel=1e-14)


def test_the_command_it_ends_with_works(story, monkeypatch, tmp_path):
    text, _ = story
    command = text.strip().splitlines()[-1].split()
    assert command[0] == "foglight"
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, command[1:])
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "my.csv").is_file()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    result = CliRunner().invoke(main, ["demo", "-o", str(tmp_path / "no" / "where")])
    assert result.exit_code == 2
    assert "cannot make the folder" in result.stderr


def test_a_lost_log_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(demo, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    with pytest.raises(DataError, match="Install Foglight again"):
        demo.data_folder()
