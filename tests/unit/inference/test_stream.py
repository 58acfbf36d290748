"""A log in parts of any size gives the bytes of the whole log, with gaps, tracks, repeats and guards."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.cli.demo import write_run
from foglight.cli.filter_file import filter_file, rows_of_part
from foglight.diagnostics.chi_square import nis_band
from foglight.inference.stream import Stream

START = fog.Belief([5, 0], cov=[[4, 0.5], [0.5, 1]])
GUARDED = fog.EKF(gate=0.99, huber=1.5, recover=2.0)


@cache
def walk() -> fog.Model:
    """Two sensors along one line; the second one is partly missing at times."""
    lidar = fog.Sensor(
        "lidar",
        ("left", "right"),
        lambda x, p: [x.gap, x.gap + 0.3 * x.gap_speed],
        lambda x, p: [[0.5, 0.1], [0.1, 0.4]],
    )
    radar = fog.sensing.linear("radar", of="gap", std=0.8)
    return fog.Model(fog.motion.constant_velocity(("gap",), accel=0.4), [radar, lidar], start=START)


def write_log(path: Path, rows: int, seed: int = 3) -> None:
    """Irregular stamps of seven tracks, gaps, outliers, jumps of the state, repeats, missing rows and components."""
    rng = np.random.default_rng(seed)
    time, track, last = 1_700_000_000_000_000_000, 0, ["", "", ""]
    lines = ["time,track,radar.gap,lidar.left,lidar.right"]
    for k in range(rows):
        if k and rng.random() < 7 / rows:
            track, time = track + 1, 1_700_000_000_000_000_000
        time += int(rng.integers(0, 4)) * 33_333_333 + (5_000_000_000 if rng.random() < 0.02 else 0)
        if rng.random() > 0.3:
            z = (
                (5.0 if k % 200 < 120 else 45.0)
                + rng.standard_normal(3)
                + (50.0 if rng.random() < 0.05 else 0.0)
            )
            last = ["" if rng.random() < 0.3 else f"{value:.2f}" for value in z]
        whole, part = divmod(time, 10**9)
        lines.append(f"{whole}.{part:09d},walker-{track},{','.join(last)}")
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("streaming") / "log.csv"
    write_log(path, 600)
    return path


CASES: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (fog.EKF(), {"track": "track"}, {}),
    (GUARDED, {"track": "track", "repeats": "skip"}, {"gap": 0.09, "max_gap": 1.0, "on_bad": "flag"}),
    (fog.UKF(), {"track": "track", "repeats": "skip"}, {"gap": 0.2}),
]


@pytest.mark.parametrize(("method", "reading", "options"), CASES, ids=lambda case: repr(case)[:20])
def test_any_parts_give_the_bytes_of_the_whole(
    log: Path, tmp_path: Path, method: Any, reading: Any, options: Any
) -> None:
    whole = fog.run(walk(), fog.Log.read(log, **reading), method, **options)
    write_run(tmp_path / "whole.csv", whole)
    expected = (tmp_path / "whole.csv").read_bytes()
    found = []
    for rows in (1, 7, 1000, None):
        source = fog.open_log(log, **reading)
        found.append(filter_file(source, walk(), method, tmp_path / "out.csv", rows=rows, **options))
        assert (tmp_path / "out.csv").read_bytes() == expected, rows
    totals = found[0]
    assert all(other == totals for other in found), "the sums depend on the parts"
    assert totals.rows == 600 and totals.tracks == len(whole.loglik) > 3
    assert totals.loglik + totals.open == pytest.approx(whole.loglik.sum(), rel=1e-12)
    band = nis_band(whole)
    assert totals.components == band.components
    assert totals.nis == pytest.approx(band.mean * band.components, rel=1e-12)
    for name, count in totals.flags.items():
        assert count == np.count_nonzero(whole.status & int(fog.Status[name]))
    if method is GUARDED:
        assert all(totals.flags.values()), "the log has no row of some kind"


def test_one_track_with_a_clock_of_its_own(tmp_path: Path) -> None:
    """Stamps k dt are those of the whole log, to the nanosecond, in every part."""
    rng = np.random.default_rng(1)
    (tmp_path / "log.csv").write_text(
        "gap,left,right\n"
        + "\n".join(",".join(f"{v:.3f}" for v in row) for row in rng.normal(5, 1, (200, 3)))
        + "\n"
    )
    reading: dict[str, Any] = {"dt": 0.0512345}
    write_run(tmp_path / "whole.csv", fog.run(walk(), fog.Log.read(tmp_path / "log.csv", **reading)))
    for rows in (1, 7, 64):
        filter_file(
            fog.open_log(tmp_path / "log.csv", **reading), walk(), fog.EKF(), tmp_path / "out.csv", rows=rows
        )
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def varying(rows: int) -> fog.Model:
    rng = np.random.default_rng(8)
    F = np.array([[1.0, 0.1], [-0.2, 0.9]]) + 0.05 * rng.standard_normal((rows, 2, 2))
    Q = np.array([[0.2, 0.05], [0.05, 0.1]]) * (1 + rng.random((rows, 1, 1)))
    return fog.linear_model(F, Q, [[1.0, 0.4]], [[0.5]], start=fog.Belief([0, 1], std=[1, 2]))


def test_matrices_row_by_row_are_taken_by_position(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    (tmp_path / "log.csv").write_text(
        "time,z0\n" + "".join(f"{k / 10},{v:.3f}\n" for k, v in enumerate(rng.standard_normal(60)))
    )
    model = varying(60)
    write_run(tmp_path / "whole.csv", fog.run(model, fog.Log.read(tmp_path / "log.csv")))
    for rows in (1, 7, 100):
        filter_file(fog.open_log(tmp_path / "log.csv"), model, fog.EKF(), tmp_path / "out.csv", rows=rows)
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    for entries, rows in ((61, 7), (59, 7), (59, 100)):
        (tmp_path / "out.csv").write_text("older")
        with pytest.raises(fog.ModelError, match=f"F has {entries} entries, but the log has 60 rows"):
            filter_file(
                fog.open_log(tmp_path / "log.csv"),
                varying(entries),
                fog.EKF(),
                tmp_path / "out.csv",
                rows=rows,
            )
        assert (tmp_path / "out.csv").read_text() == "older"


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_the_first_bad_row_is_named_in_the_whole_log(tmp_path: Path, rows: int) -> None:
    lines = [
        "time,track,radar.gap,lidar.left,lidar.right",
        *[f"{k / 8},{'ab'[k > 20]},5,5,5" for k in range(50)],
    ]
    lines[34] = lines[34].replace(",5,5,5", ",5,inf,5")
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    source = fog.open_log(tmp_path / "log.csv", track="track")
    with pytest.raises(fog.DataError, match=r"lidar.left = inf at row 33 \(t = 4.125 s, track b\)") as caught:
        filter_file(source, walk(), fog.EKF(), tmp_path / "out.csv", rows=rows)
    assert caught.value.index == 33 and not (tmp_path / "out.csv").exists()
    totals = filter_file(source, walk(), fog.EKF(), tmp_path / "out.csv", rows=rows, on_bad="flag")
    assert totals.rows == 50
    status = (tmp_path / "out.csv").read_text().splitlines()[34].split(",")[-1]
    assert status == "USED|NONFINITE"


def test_a_stream_continues_from_its_saved_state(log: Path) -> None:
    """The state is plain data: it goes through JSON into another stream, and nothing is lost."""
    reading: dict[str, Any] = {"track": "track", "repeats": "skip"}
    parts = list(fog.open_log(log, **reading).parts(rows=100))
    stream = Stream(walk(), GUARDED, gap=1.0)
    one = [stream.feed(part.log, part.goes_on) for part in parts]
    two, runs = Stream(walk(), GUARDED, gap=1.0), []
    for part in parts:
        state = json.loads(json.dumps(two.state()))
        two = Stream(walk(), GUARDED, gap=1.0)
        two.restore(state)
        runs.append(two.feed(part.log, part.goes_on))
    assert [run._kept.tobytes() for run in runs] == [run._kept.tobytes() for run in one]
    assert [run.status.tolist() for run in runs] == [run.status.tolist() for run in one]
    assert two.totals == stream.totals and math.isfinite(two.totals.nis)


def test_parts_are_smaller_where_the_state_is_larger() -> None:
    assert rows_of_part(walk()) == 65_536
    n = 60
    A = 0.5 * np.eye(n) + 0.3 * np.tri(n, k=-1) / n
    large = fog.linear_model(
        A,
        A @ A.T,
        np.ones((2, n)) + A[:2],
        [[0.5, 0.1], [0.1, 0.4]],
        start=fog.Belief(np.zeros(n), std=np.ones(n)),
    )
    assert 64 <= rows_of_part(large) * n * n * 8 // (8 * n * n) < 1_000


def driven() -> fog.Model:
    """A walk that is pushed: the control of a row acts from the row before until this row."""

    def dynamics(x: Any, dt: Any, p: Any, u: Any) -> Any:
        return [x.gap + dt * x.speed, x.speed + dt * u.push]

    motion = fog.Motion(
        ("gap", "speed"),
        dynamics,
        lambda x, dt, p, u: fog.noise.white_acceleration(dt, 0.2),
        controls=("push",),
    )
    return fog.Model(motion, [fog.sensing.linear("radar", of="gap", std=0.8)], start=START)


def test_controls_go_through_in_parts(tmp_path: Path) -> None:
    """Only the first row of a track may lack a control, and the first row of a later part is no such row."""
    rng = np.random.default_rng(4)
    lines = [f"{k},{'ab'[k > 30]},{rng.normal():.2f},{rng.normal(5, 1):.3f}" for k in range(60)]
    for first in (0, 31):
        lines[first] = f"{first},{'ab'[first > 30]},,5.1"
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["time,track,push,radar.gap", *lines]) + "\n")
    write_run(tmp_path / "whole.csv", fog.run(driven(), fog.Log.read(path, track="track")))
    for rows in (1, 7, 31):
        filter_file(fog.open_log(path, track="track"), driven(), fog.EKF(), tmp_path / "out.csv", rows=rows)
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    lines[20] = "20,a,,5.0"
    path.write_text("\n".join(["time,track,push,radar.gap", *lines]) + "\n")
    for rows in (1, 10, 100):
        with pytest.raises(fog.DataError, match=r"u\[20,0\] \(push\) = nan"):
            filter_file(
                fog.open_log(path, track="track"), driven(), fog.EKF(), tmp_path / "bad.csv", rows=rows
            )
