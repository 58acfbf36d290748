"""`log.describe()` reports the figures that were put into the log."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli.main import main
from foglight.data.log import Log

NAN = float("nan")


def described(log: Log) -> list[str]:
    return str(log.describe()).splitlines()


def cells(line: str) -> list[str]:
    return [cell for cell in line.split("  ") if cell.strip()]


def test_rate_gaps_repeats_missing_and_range() -> None:
    time = [0.0, 0.1, 0.2, 0.31, 0.4, 2.4, 2.5, 2.5, 2.5, 2.6]
    level = [1.0, 2.0, 2.0, NAN, 2.0, 5.0, -4.0, 7.0, 7.0, 8.0]
    flow = [1.0, NAN, NAN, NAN, NAN, NAN, NAN, 1.0, 1.0, 1.0]
    lines = described(Log.from_arrays(time, level=level, flow=flow))
    assert lines[0] == "10 rows, t = 0 to 2.6 s, 2.6 s in all"
    level_cells = [cell.strip() for cell in cells(lines[2])]
    assert level_cells == [
        "level", "9", "10 %", "0.1 s (10 Hz)", "0 s", "2 s", "-4 to 8", "3", "1, longest 2 s after t = 0.4 s",
    ]  # fmt: skip
    assert [cell.strip() for cell in cells(lines[3])][:3] == ["flow", "4", "60 %"]
    assert (
        lines[4] == "2 rows have the same timestamp as the row before; 1 of them has the same readings, too"
    )
    assert "hint: flow reports 1 every time: is the sensor stuck?" in lines
    assert (
        "hint: level often repeats its reading: if these are not new measurements, read with repeats='skip'; if it "
        "is a control of the model, describe(model) says so" in lines
    )


def test_tracks_dates_and_silence(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = [
        f"2026-03-02T10:15:0{k}.5Z,{name},{k},\n"
        for name, count in (("a", 3), ("b", 5))
        for k in range(count)
    ]
    path.write_text("time,id,z,lost\n" + "".join(rows))
    lines = described(Log.read(path, track="id"))
    assert lines[0] == "8 rows, 2026-03-02 10:15:00.5 to 2026-03-02 10:15:04.5 UTC, 4 s in all"
    assert lines[1] == "2 tracks of 3 to 5 rows: a, b"
    assert cells(lines[3])[3].strip() == "1 s (1 Hz)"
    assert "hint: lost has no reading at all" in lines


def test_a_gap_between_dates_is_reported_as_a_date(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,z\n" + "".join(f"2026-03-02T10:15:{k:02d}.5Z,{k}\n" for k in (0, 1, 2, 3, 20)))
    assert described(Log.read(path))[2].endswith("1, longest 17 s after 2026-03-02 10:15:03.5")


@pytest.mark.parametrize(
    ("step", "unit"), [(33, "ms"), (33_333, "us"), (33_333_333, "ns"), (60, None), (3600, None), (1, None)]
)
def test_whole_stamps_with_long_steps_suggest_a_smaller_unit(step: int, unit: str | None) -> None:
    lines = described(Log.from_arrays(np.arange(6) * step, z=np.arange(6.0) ** 2))
    hint = (
        f"hint: timestamps are whole numbers, {step} s apart: if they count {unit}, read with unit='{unit}'"
    )
    assert [line for line in lines if line.startswith("hint")] == ([hint] if unit else [])


def test_blocks_controls_equal_tracks_and_long_logs(tmp_path: Path) -> None:
    log = Log.from_arrays([0.0, 1.0], radar=[[1, 2], [1, 2]], u=[[NAN], [3]], repeats="skip")
    assert [line.split()[0] for line in described(log)[2:]] == ["radar.0", "radar.1", "u"]
    assert described(Log.regular(np.arange(12.0).reshape(3, 4, 1), dt=0.5))[1] == "3 tracks of 4 rows"
    path = tmp_path / "log.csv"
    path.write_text("time,who,v\n0,a,\n1,b,\n")
    assert described(Log.read(path, sensor="who"))[0].startswith("2 rows, t = 0 to 1 s")


def test_the_command_gives_the_same_description(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("stamp,who,id,v,note\n100,a,x,1,-\n133,a,x,2,-\n0,a,y,4,-\n")
    options: dict[str, Any] = {
        "time": "stamp",
        "unit": "ms",
        "sensor": "who",
        "track": "id",
        "ignore": ("note",),
    }
    expected = described(Log.read(path, **options))
    words = [
        str(path),
        "--time",
        "stamp",
        "--unit",
        "ms",
        "--sensor",
        "who",
        "--track",
        "id",
        "--ignore",
        "note",
    ]
    done = CliRunner().invoke(main, ["describe", *words])
    assert done.exit_code == 0 and done.output.splitlines() == expected
    refused = CliRunner().invoke(main, ["describe", str(path)])
    assert (
        refused.exit_code == 2 and "no column 'time'" in refused.output and "Traceback" not in refused.output
    )
    assert "foglight describe radar.csv" in CliRunner().invoke(main, ["describe", "--help"]).output


def pushed() -> fog.Model:
    """A cart with a control, thrust, that is held between commands."""
    cart = fog.Motion(
        ("x", "v"), lambda x, dt, p, u: [x.x + dt * x.v, x.v + dt * u.thrust], lambda x, dt, p, u: [[0.1, 0], [0, 0.1]],
        controls=("thrust",),
    )  # fmt: skip
    return fog.Model(cart, [fog.sensing.linear("tape", of="x", std=0.1)], fog.Belief([0, 0], std=[1, 1]))


def test_controls_are_no_sensors(tmp_path: Path) -> None:
    """One that is held is neither a repeated reading nor stuck: `repeats="skip"` would not be advice."""
    time, tape, thrust = np.arange(20) * 0.1, np.arange(20) * 0.37, np.repeat([1.0, 2.0], 10)
    alone = described(Log.from_arrays(time, tape=tape, u=thrust[:, None]))
    assert not any(line.startswith("hint") for line in alone)
    cells_of_u = [cell.strip() for cell in cells(next(line for line in alone if line.startswith("u ")))]
    assert cells_of_u == ["u (control)", "20", "0 %", "0.1 s (10 Hz)", "0.1 s", "0.1 s", "1 to 2"]
    held = Log.from_arrays(time, tape=tape, u=np.ones((20, 1)))
    assert not any(line.startswith("hint") for line in described(held))
    named = str(held.describe(pushed())).splitlines()
    assert any(line.startswith("thrust (control)  20") for line in named)

    columns = Log.from_arrays(time, tape=tape, thrust=thrust)
    assert [line for line in described(columns) if line.startswith("hint: thrust often repeats its reading")]
    known = str(columns.describe(pushed())).splitlines()
    assert not any(line.startswith("hint") for line in known)
    assert any(line.startswith("thrust (control)  20") for line in known)
    repeated = Log.from_arrays(time, tape=np.repeat(tape[:10], 2), thrust=thrust)
    hints = [line for line in str(repeated.describe(pushed())).splitlines() if line.startswith("hint")]
    assert hints == [
        "hint: tape often repeats its reading: if these are not new measurements, read with repeats='skip'"
    ]
    silent = Log.from_arrays(time, tape=tape, u=np.full((20, 1), NAN))
    assert "hint: u has no value at all" in described(silent)
    with pytest.raises(fog.ModelError, match=r"model = 'cart': expected a fog\.Model"):
        columns.describe("cart")


def test_controls_of_a_table_in_long_format_are_no_sensors(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    rows = [f"{0.1 * k:.1f},tape,{0.37 * k:.2f},{1 + k // 10}\n" for k in range(20)]
    path.write_text("time,name,x,thrust\n" + "".join(rows))
    log = Log.read(path, sensor="name")
    assert any(line.startswith("hint: tape.thrust often repeats its reading") for line in described(log))
    known = str(log.describe(pushed())).splitlines()
    assert any(line.startswith("tape.thrust (control)") for line in known), known
    assert not any("thrust often repeats" in line for line in known)


def test_the_command_line_takes_the_model(tmp_path: Path) -> None:
    log, model = tmp_path / "log.csv", tmp_path / "cart.py"
    thrust = np.repeat([1.0, 2.0], 10)
    log.write_text(
        "time,tape,thrust\n" + "".join(f"{0.1 * k:.1f},{0.37 * k},{thrust[k]}\n" for k in range(20))
    )
    model.write_text(
        "import foglight as fog\n"
        "cart = fog.Model(fog.Motion(('x', 'v'), lambda x, dt, p, u: [x.x + dt * x.v, x.v + dt * u.thrust],\n"
        "    lambda x, dt, p, u: [[0.1, 0], [0, 0.1]], controls=('thrust',)),\n"
        "    [fog.sensing.linear('tape', of='x', std=0.1)], fog.Belief([0, 0], std=[1, 1]))\n"
    )
    run = CliRunner().invoke(main, ["describe", str(log), "--model", f"{model}:cart"])
    assert run.exit_code == 0 and "thrust (control)" in run.output and "hint" not in run.output
