"""Repeated readings: found per sensor and track, left out on request, also across parts of a file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foglight.core.errors import DataError
from foglight.data.log import Log
from foglight.data.parts import open_log
from unit.data.test_log import model

NAN = float("nan")
TWO = model(("radar", ("range", "bearing")), ("gauge", ("level",)))
RADAR = [[5, 1], [5, 1], [5, 2], [NAN, NAN], [5, 2], [5, NAN], [5, NAN], [6, 1]]
GAUGE = [3, 3, NAN, 3, 4, NAN, NAN, 4]
RADAR_AGAIN = [False, True, False, False, True, False, True, False]
GAUGE_AGAIN = [False, True, False, True, False, False, False, True]


def logs(repeats: str) -> Log:
    return Log.from_arrays(np.arange(8.0), radar=RADAR, gauge=GAUGE, repeats=repeats)


def test_repeats_are_kept_by_default() -> None:
    log = logs("keep")
    np.testing.assert_array_equal(log.bind(TWO), np.column_stack([RADAR, GAUGE]))
    assert not log.repeated(TWO).any() and log.repeated(TWO).shape == (8,)


def test_a_repeat_equals_the_sensors_previous_report_in_every_component() -> None:
    """Silence in between does not matter; NaN equals NaN; one new component makes a report new."""
    log = logs("skip")
    expected = np.column_stack([RADAR, GAUGE]).astype(float)
    expected[np.ix_(RADAR_AGAIN, [True, True, False])] = NAN
    expected[np.ix_(GAUGE_AGAIN, [False, False, True])] = NAN
    np.testing.assert_array_equal(log.bind(TWO), expected)
    assert log.repeated(TWO).tolist() == [a or b for a, b in zip(RADAR_AGAIN, GAUGE_AGAIN, strict=True)]
    np.testing.assert_array_equal(log.columns()["gauge"], GAUGE)


@pytest.mark.parametrize("before", [[5.0], [[5.0, 1.0, 3.0]], 5.0])
def test_earlier_reports_must_have_every_component(before: Any) -> None:
    for call in (logs("skip").bind, logs("skip").repeated, logs("skip").last_reports):
        with pytest.raises(DataError, match=r"before has shape .*: expected \(3,\)"):
            call(TWO, before=before)


def test_the_first_report_of_a_track_is_never_a_repeat() -> None:
    log = Log.from_arrays([0, 1, 0, 1], track=list("aabb"), gauge=[3, 3, 3, 3], repeats="skip")
    one = model(("gauge", ("level",)))
    assert log.repeated(one).tolist() == [False, True, False, True]
    lanes = Log.regular([[[1.0], [1.0], [2.0]], [[2.0], [3.0], [3.0]]], dt=1.0, repeats="skip")
    assert lanes.repeated(one).tolist() == [[False, True, False], [False, False, True]]
    np.testing.assert_array_equal(lanes.bind(one)[..., 0], [[1, NAN, 2], [2, 3, NAN]])


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
@pytest.mark.parametrize("track", [None, "id"])
def test_repeats_are_found_across_parts_of_a_file(tmp_path: Path, rows: int, track: str | None) -> None:
    path = tmp_path / "log.csv"
    cells = [
        ["" if value != value else f"{value:g}" for value in (*a, b)]
        for a, b in zip(RADAR, GAUGE, strict=True)
    ]
    lines = [f"{k % 4},{'ab'[k // 4]},{','.join(cell)}\n" for k, cell in enumerate(cells)]
    if track is None:
        lines = [line.replace(line[0], str(k), 1) for k, line in enumerate(lines)]
    path.write_text("time,id,range,bearing,level\n" + "".join(lines))
    options: dict[str, Any] = {"repeats": "skip"} | ({"track": track} if track else {"ignore": ["id"]})
    whole = Log.read(path, **options)
    found, marks, last = [], [], None
    for part in open_log(path, **options).parts(rows=rows):
        before = last if part.goes_on else None
        found.append(part.log.bind(TWO, before=before))
        marks.append(part.log.repeated(TWO, before=before))
        last = part.log.last_reports(TWO, before=before)
    assert whole.repeated(TWO).any()
    np.testing.assert_array_equal(np.concatenate(found), whole.bind(TWO))
    np.testing.assert_array_equal(np.concatenate(marks), whole.repeated(TWO))
    np.testing.assert_array_equal(last, whole.last_reports(TWO))
