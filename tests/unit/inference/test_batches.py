"""Many series as a stream of record batches: the bits of each alone, however the stream is cut, in bounded memory."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import foglight as fog
from foglight.core import memory
from foglight.inference.batches import batches as verb

MOTION = fog.motion.constant_velocity(("gap",), accel=0.4)
SENSORS = [fog.sensing.linear("radar", of="gap", std=0.8), fog.sensing.linear("lidar", of="gap", std=0.3)]
MODEL = fog.Model(MOTION, SENSORS, fog.Belief([5.0, 0.0], std=[5.0, 1.0]))
UNKNOWN = fog.Model(MOTION, SENSORS, None)
RADAR = fog.Model(MOTION, SENSORS[:1], MODEL.start)
CASES: dict[str, tuple[fog.Model, Any]] = {
    "known start": (MODEL, fog.EKF()),
    "unknown start": (UNKNOWN, fog.EKF()),
    "gate that gives way": (MODEL, fog.EKF(gate=0.9)),
    "gate, unknown start": (UNKNOWN, fog.EKF(gate=0.9)),
    "bound on outliers": (MODEL, fog.UKF(huber=1.5)),
    "adapted noise": (MODEL, fog.EKF(adapt=fog.adapt("radar"))),
}

Series = tuple[str, Any, Any]  # a name, times (T,) and readings (T, 2)


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven rows at a time."""
    monkeypatch.setattr(verb, "_ROWS", 7)
    monkeypatch.setattr(verb, "_FEWEST", 7)


def some_series(seed: int, count: int = 8, longest: int = 20) -> list[Series]:
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        rows = int(rng.integers(1, longest + 1))
        z = 5.0 + 3.0 * rng.normal(size=(rows, 2))
        z[rng.random(z.shape) < 0.2] = np.nan
        found.append((f"{'qwertz'[k % 6]}{k}", np.cumsum(rng.choice([0.0, 0.1, 0.25], rows)), z))
    return found


def table(series: list[Series]) -> pa.Table:
    names = [name for name, time, _ in series for _ in time]
    z = np.concatenate([z for *_, z in series])
    time = np.concatenate([time for _, time, _ in series])
    return pa.table({"lidar": z[:, 1], "series_id": names, "time": time, "radar": z[:, 0]})


def cut(whole: pa.Table, longest: int, seed: int = 0) -> Iterator[pa.RecordBatch]:
    """The rows in batches of random lengths, some of them empty."""
    rng, first = np.random.default_rng(seed), 0
    yield pa.record_batch(whole.schema.empty_table().to_pydict(), schema=whole.schema)
    while first < len(whole):
        rows = int(rng.integers(1, longest))
        yield from whole.slice(first, rows).combine_chunks().to_batches()
        first += rows


def alone(model: fog.Model, one: Series, method: Any) -> fog.Run:
    _, time, z = one
    return fog.run(model, fog.Log.from_arrays(time, radar=z[:, 0], lidar=z[:, 1]), method)


def bits(values: Any) -> list[bytes]:
    """Each number as its bytes; text as it is."""
    array = np.asarray(values)
    return array.tolist() if array.dtype.kind in "UO" else [value.tobytes() for value in array]


def assert_columns(found: pa.Table, first: int, expected: dict[str, Any]) -> None:
    rows = len(next(iter(expected.values())))
    for name, values in expected.items():
        if name != "time":
            part = found[name].slice(first, rows)
            assert bits(part.to_numpy() if name != "status" else part.to_pylist()) == bits(values), name


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("few_rows")
def test_each_series_has_the_bits_that_it_has_alone(case: str) -> None:
    model, method = CASES[case]
    series = some_series(3)
    whole = table(series)
    filtered = fog.batches(model, cut(whole, 11), method).read_all()
    smoothed = fog.batches(model, cut(whole, 11), method, output="smoothed").read_all()
    summary = fog.batches(model, cut(whole, 11), method, output="summary").read_all().to_pylist()
    for output in (filtered, smoothed):
        assert output["series_id"].to_pylist() == whole["series_id"].to_pylist()
        assert output["time"].equals(whole["time"])
    first = 0
    for one, line in zip(series, summary, strict=True):
        run = alone(model, one, method)
        assert_columns(filtered, first, run.columns())
        assert_columns(smoothed, first, fog.smooth(run).columns())
        used = int((~np.isnan(run.innovation)).sum())
        assert (line["series_id"], line["time"]) == (one[0], one[1][-1])
        assert (line["rows"], line["readings"]) == (len(one[1]), used)
        assert line["log_likelihood"] == run.loglik
        if used:
            assert line["mean_nis"] == pytest.approx(np.nansum(run.nis) / used, rel=1e-14)
        for k, name in enumerate(model.state):
            assert bits([line[name], line[f"{name}_std"]]) == bits(
                [run.filtered.mean[-1, k], run.filtered.std[-1, k]]
            )
        assert line["status"] == "|".join(
            str(bit.name) for bit in fog.Status(int(np.bitwise_or.reduce(run.status)))
        )
        first += len(one[1])


def test_sums_do_not_depend_on_how_the_stream_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table(some_series(5, count=4, longest=60))
    sums = []
    for rows in (5, 13, 10_000):
        monkeypatch.setattr(verb, "_ROWS", rows)
        monkeypatch.setattr(verb, "_FEWEST", rows)
        sums.append(bits(fog.batches(MODEL, whole, output="summary").read_all()["mean_nis"].to_numpy()))
    assert sums[0] == sums[1] == sums[2]


def test_threads_change_no_bit() -> None:
    whole = table(some_series(6, count=60))
    one, many = (fog.batches(MODEL, whole, threads=threads).read_all() for threads in (1, 4))
    assert one.equals(many) or bits(one["gap_std"].to_numpy()) == bits(many["gap_std"].to_numpy())


def test_whatever_hands_over_arrow_is_a_stream() -> None:
    whole = table(some_series(7, count=3))
    expected = fog.batches(MODEL, whole).read_all()
    rows = whole.combine_chunks().to_batches()[0]
    given = [
        rows,
        pa.RecordBatchReader.from_batches(rows.schema, [rows]),
        pl.DataFrame(whole),
        whole.to_pandas(),
        [whole.slice(0, 5), pl.DataFrame(whole.slice(5))],
    ]
    for reader in given[:2] + given[3:4]:
        assert (
            fog.batches(MODEL, reader)
            .read_all()
            .drop_columns(["series_id"])
            .to_pandas()
            .equals(expected.drop_columns(["series_id"]).to_pandas())
        )
    found = fog.batches(MODEL, given[2]).read_all()
    assert found["gap"].to_pylist() == expected["gap"].to_pylist()


def test_names_and_times_go_out_as_they_came() -> None:
    zone = pa.timestamp("us", tz="Europe/Berlin")
    rows = pa.table({
        "machine": pa.array([7, 7, 4], pa.int16()),
        "at": pa.array([0, 100_000, 50_000], zone),
        "radar": [5.0, None, 4.0],
        "note": ["x", "y", "z"],
    })  # fmt: skip
    reader = fog.batches(RADAR, rows, by="machine", time="at", ignore=["note"])
    assert reader.schema.field("machine").type == pa.int16() and reader.schema.field("at").type == zone
    found = reader.read_all()
    assert found["at"].equals(rows["at"]) and found["status"].to_pylist() == ["USED", "MISSING", "USED"]
    names = rows["machine"].cast(pa.string()).dictionary_encode()
    again = fog.batches(RADAR, rows.set_column(0, "machine", names), by="machine", time="at", ignore="note")
    assert again.schema.field("machine").type == pa.string()
    assert again.read_all()["gap"].equals(found["gap"])


def test_a_stream_without_an_end_is_read_as_it_is_asked_for() -> None:
    taken = []

    def endless() -> Iterator[pa.RecordBatch]:
        while True:
            first = len(taken) * 1000
            taken.append(first)
            time = np.arange(first, first + 1000) * 0.1
            yield pa.record_batch({"series_id": ["one"] * 1000, "time": time, "radar": np.sin(time)})

    reader = fog.batches(RADAR, endless())
    first, second = reader.read_next_batch(), reader.read_next_batch()
    assert len(taken) <= 2 * verb._ROWS // 1000 + 3
    rows = first.num_rows + second.num_rows
    time = np.arange(rows) * 0.1
    run = fog.run(RADAR, fog.Log.from_arrays(time, radar=np.sin(time)))
    assert bits(second["gap"].to_numpy()) == bits(run.filtered.mean[first.num_rows :, 0])


def test_wide_rows_are_fewer_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "_BYTES", 400 * 8 * 20)
    assert max(batch.num_rows for batch in fog.batches(MODEL, table(some_series(1, 200)))) < 1000


def test_a_series_that_does_not_fit_is_not_smoothed(monkeypatch: pytest.MonkeyPatch, few_rows: None) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 10_000)
    whole = table([("long", np.arange(100.0), np.ones((100, 2)))])
    assert fog.batches(MODEL, whole).read_all().num_rows == 100
    with pytest.raises(
        fog.DataError, match=r"rows of series 'long', which a smoother needs whole.*'filtered'"
    ):
        fog.batches(MODEL, whole, output="smoothed").read_all()


def stream(*, ids: str = "aabb", time: Any = (0.0, 0.1, 0.0, 0.1), radar: Any = (5.0, 5.1, 4.0, 4.1)) -> Any:
    names = [None if name == "-" else name for name in ids]
    return pa.record_batch(
        {"series_id": pa.array(names, pa.string()), "time": pa.array(time), "radar": pa.array(radar)}
    )


GOOD = stream()
FLAGGED = {
    "a null name": (stream(ids="a-ab"), "USED REFUSED USED USED", "the row names no series"),
    "a series that comes back": (stream(ids="abab"), "USED USED REFUSED USED", "the series came back after others"),
    "an earlier row": (stream(time=(0.2, 0.1, 0.0, 0.1)), "USED REFUSED USED USED", "the row is earlier"),
    "no time": (stream(time=(0.0, None, 0.0, 0.1)), "USED REFUSED USED USED", "the row has no valid time"),
    "a time that is not finite": (stream(time=(0.0, np.inf, 0.0, 0.1)), "USED REFUSED USED USED", "no valid time"),
    "a reading that is not finite": (stream(radar=(5.0, np.inf, 4.0, 4.1)), "USED NONFINITE USED USED", ""),
    "an integer too large": (stream(radar=(5, 2**60, 4, 4)), "REFUSED REFUSED USED USED", "radar[1] ="),
}  # fmt: skip


@pytest.mark.parametrize("what", FLAGGED)
@pytest.mark.parametrize("output", ["filtered", "smoothed"])
def test_the_status_of_a_row_says_what_is_wrong_and_the_rest_goes_on(what: str, output: str) -> None:
    rows, status, why = FLAGGED[what]
    found = fog.batches(
        RADAR, [rows, stream(ids="ccdd")] if "integer" not in what else [rows], on_error="flag", output=output
    )
    lines = found.read_all().to_pylist()
    assert [line["status"] for line in lines][:4] == status.split()
    for line in lines:
        refused = line["status"] == "REFUSED"
        assert (line["message"] is not None) == refused == np.isnan(line["gap"])
        assert not refused or why in line["message"]


def test_times_that_are_none_are_found_however_many_there_are() -> None:
    stamps = [f"2026-03-02T10:{k:02d}:00" if k % 3 else "soon" for k in range(60)]
    rows = pa.table({"series_id": ["a"] * 60, "time": stamps, "radar": np.ones(60)})
    found = fog.batches(RADAR, rows, on_error="flag").read_all()["status"].to_pylist()
    assert found == ["USED" if k % 3 else "REFUSED" for k in range(60)]


def test_times_count_in_their_unit() -> None:
    rows = stream(time=(1.7e18, 1.7e18 + 1e8, 1.7e18, 1.7e18 + 1e8))
    found = fog.batches(RADAR, rows, unit="ns", on_error="flag").read_all()
    assert found["gap"].to_pylist() == fog.batches(RADAR, GOOD).read_all()["gap"].to_pylist()


def test_a_row_that_is_left_out_changes_nothing_but_itself() -> None:
    good = fog.batches(RADAR, GOOD).read_all().to_pylist()
    worse = stream(ids="aaabb", time=(0.0, 0.1, 0.05, 0.0, 0.1), radar=(5.0, 5.1, 9.0, 4.0, 4.1))
    lines = fog.batches(RADAR, worse, on_error="flag").read_all().to_pylist()
    assert lines[2]["status"] == "REFUSED"
    assert [line["gap"] for line in lines if line["status"] == "USED"] == [line["gap"] for line in good]


@pytest.mark.parametrize("output", ["filtered", "smoothed", "summary"])
@pytest.mark.usefixtures("few_rows")
def test_bad_rows_anywhere_leave_the_others_as_they_are(output: str) -> None:
    """However the stream is cut, and wherever rows without a name or a time, late rows and rows of series that have
    ended are put into it."""
    clean = table(some_series(11))
    rng, mixed, bad = np.random.default_rng(4), [], []
    before, first = {"series_id": None}, clean.slice(0, 1).to_pylist()[0]["series_id"]
    for row in clean.to_pylist():
        wrong = [{"series_id": None}, {"time": None}]
        wrong += [{"time": -1.0}] * (before["series_id"] == row["series_id"])
        wrong += [{"series_id": first}] * (before["series_id"] not in (None, first))
        for k in rng.integers(len(wrong), size=rng.integers(0, 3) // 2):
            bad.append(len(mixed))
            mixed.append(row | {"radar": 1e6} | wrong[k])
        mixed.append(row)
        before = row
    spoilt = pa.Table.from_pylist(mixed, schema=clean.schema)
    expected = fog.batches(MODEL, clean, output=output).read_all()
    found = fog.batches(MODEL, cut(spoilt, 9), output=output, on_error="flag").read_all()
    assert len(bad) > 10
    if output == "summary":
        lines = [line for line in found.to_pylist() if line["status"] != "REFUSED"]
        assert [line["gap"] for line in lines] == expected["gap"].to_pylist()
        assert [line["log_likelihood"] for line in lines] == expected["log_likelihood"].to_pylist()
        return
    refused = np.array([status == "REFUSED" for status in found["status"].to_pylist()])
    assert np.flatnonzero(refused).tolist() == bad
    kept = found.filter(pa.array(~refused)).drop_columns(["message"])
    for name in expected.schema.names:
        same = bits if name not in ("series_id", "status") else list
        assert same(kept[name].to_numpy(zero_copy_only=False)) == same(
            expected[name].to_numpy(zero_copy_only=False)
        ), name


def test_batches_of_another_schema_are_flagged_as_a_whole() -> None:
    given = [GOOD, stream(ids="ccdd", radar=(1, 2, 3, 4)), stream(ids="eeff")]
    found = fog.batches(RADAR, given, on_error="flag").read_all().to_pylist()
    assert [line["status"] for line in found] == ["USED"] * 4 + ["REFUSED"] * 4 + ["USED"] * 4
    assert [line["series_id"] for line in found] == list("aabbccddeeff")
    assert "radar[4] has type int64" in found[4]["message"]


@pytest.mark.usefixtures("few_rows")
def test_rows_of_no_series_are_not_held_back_for_a_smoother() -> None:
    given = [stream(ids="----")] * 5 + [
        stream(ids="aab-"),
        stream(ids="----"),
        stream(ids="bccc", time=[1.0] * 4),
    ]
    found = fog.batches(RADAR, iter(given), on_error="flag", output="smoothed")
    assert found.read_next_batch()["status"].to_pylist() == ["REFUSED"] * 4
    rest = [line for batch in found for line in batch.to_pylist()]
    assert [line["series_id"] for line in rest] == [None] * 16 + [*"aab"] + [None] * 5 + [*"bccc"]
    assert [line["status"] for line in rest[16:19] + rest[-4:]] == ["USED"] * 7


def test_a_summary_counts_what_was_left_out() -> None:
    rows = stream(ids="aa-b", time=(0.2, 0.1, 0.0, 0.1))
    lines = fog.batches(RADAR, rows, on_error="flag", output="summary").read_all().to_pylist()
    shown = [(line["series_id"], line["rows"], line["readings"], line["status"]) for line in lines]
    assert sorted(shown, key=str) == [
        ("a", 2, 1, "REFUSED|USED"),
        ("b", 1, 1, "USED"),
        (None, 1, 0, "REFUSED"),
    ]


def test_a_series_that_cannot_be_filtered_is_flagged_to_its_end(few_rows: None) -> None:
    motion = fog.Motion(
        ("gap",), lambda x, dt, u: [x.gap + dt * u.speed], lambda dt: [[dt]], controls=("speed",)
    )
    model = fog.Model(motion, SENSORS[:1], fog.Belief([0.0], std=[1.0]))
    speed = np.ones(40)
    speed[12] = np.nan
    rows = pa.table({
        "series_id": np.repeat(["a", "b", "c", "d"], 10), "time": np.tile(np.arange(10.0), 4),
        "radar": np.arange(40.0), "speed": speed,
    })  # fmt: skip
    lines = fog.batches(model, rows, on_error="flag").read_all().to_pylist()
    bad = [k for k, line in enumerate(lines) if line["status"] == "REFUSED"]
    assert bad[-1] == 19 and bad == list(range(bad[0], 20)) and 10 <= bad[0] <= 12
    assert all("speed" in lines[k]["message"] for k in bad)
    with pytest.raises(fog.DataError, match="speed"):
        fog.batches(model, rows).read_all()


def test_interventions_count_the_rows_of_their_own_series(few_rows: None) -> None:
    model = fog.structural(intervention=fog.intervention("strike", 3, kind="pulse"))
    rng = np.random.default_rng(2)
    rows = pa.table({
        "series_id": np.repeat(["a", "b", "c"], 9), "time": np.tile(np.arange(9.0), 3),
        "series.value": rng.normal(size=27),
    })  # fmt: skip
    found = fog.batches(model, rows).read_all()
    run = fog.run(model, fog.Log.from_arrays(np.arange(9.0), series=rows["series.value"].to_numpy()[9:18]))
    assert_columns(found, 9, run.columns())


def test_a_stream_without_rows_has_the_schema() -> None:
    for empty in (GOOD.slice(0, 0), GOOD.schema.empty_table()):
        reader = fog.batches(RADAR, empty, output="summary")
        assert reader.schema.names[:4] == ["series_id", "time", "rows", "readings"]
        assert reader.read_all().num_rows == 0
    assert fog.batches(RADAR, []).read_all().num_rows == 0


def test_a_stream_is_read_once() -> None:
    reader = pa.RecordBatchReader.from_batches(GOOD.schema, [GOOD])
    assert fog.batches(RADAR, reader).read_all().num_rows == 4
    for again in (lambda: fog.batches(RADAR, reader), lambda: fog.Log.from_frame(reader, track="series_id")):
        with pytest.raises(fog.DataError, match=r"has been read before.*open it again"):
            again()


def test_results_go_on_to_other_libraries() -> None:
    reader = fog.batches(RADAR, GOOD)
    assert pl.DataFrame(reader).shape == (4, 9)
    log = fog.Log.from_frame(GOOD, track="series_id")
    run = fog.run(RADAR, log)
    for result in (log, run, fog.smooth(run), fog.forecast(run, 2)):
        frame = pa.table(result)
        assert frame.schema.names == list(result.columns()), result
        assert pl.DataFrame(result).shape == frame.shape == pd.DataFrame.from_arrow(result).shape


def test_a_reader_is_a_log_wherever_a_dataframe_is() -> None:
    months = pa.record_batch(
        {"month": pd.date_range("2020-01", periods=4, freq="MS"), "sales": [1.0, 2.0, 4.0, 3.0]}
    )

    def reader() -> Any:
        return pa.RecordBatchReader.from_batches(months.schema, [months])

    model = fog.structural()
    expected = fog.run(model, months.to_pandas()).loglik
    for given in (months, reader()):
        assert fog.run(model, given).loglik == expected
    assert len(fog.Log.merge(sales=reader(), time="month")) == 4
    panel = months.append_column("unique_id", pa.array(["a"] * 4))
    given = pa.RecordBatchReader.from_batches(panel.schema, [panel])
    assert fog.tune_each(model, given, time="month").status.tolist() == ["converged"]


class OneBatch:
    """Hands over a record batch, and is nothing else."""

    def __arrow_c_array__(self, requested_schema: object = None) -> Any:
        return GOOD.__arrow_c_array__(requested_schema)


class Batches:
    """Hands over a stream, and is nothing else."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return pa.table(GOOD).__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("given", [OneBatch(), Batches()], ids=["array", "stream"])
def test_the_interface_alone_is_enough(given: Any) -> None:
    log = fog.Log.from_frame(given, track="series_id")
    assert (len(log), log.track_names) == (4, ("a", "b"))
    assert fog.batches(RADAR, given).read_all().equals(fog.batches(RADAR, GOOD).read_all())
    assert fog.Log.merge(radar=given, track="series_id").track_names == ("a", "b")


def test_an_array_without_columns_is_no_log() -> None:
    for call in (fog.Log.from_frame, lambda given: fog.batches(RADAR, given)):
        with pytest.raises(fog.DataError, match=r"DoubleArray: .*Expected record batches"):
            call(pa.array([1.0, 2.0]))


def test_without_pyarrow_the_message_names_it() -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import foglight as fog\n"
        "model = fog.Model(fog.motion.random_walk(('x',), std=1.0), [fog.sensing.linear('s', 'x', 1.0)], None)\n"
        "run = fog.run(model, fog.Log.regular([1.0, 2.0], dt=1.0))\n"
        "for call in (lambda: fog.batches(model, []), lambda: run.__arrow_c_stream__()):\n"
        "    try: call()\n"
        "    except fog.DataError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.count("pyarrow, which is not installed. Run pip install") == 2, (
        done.stdout + done.stderr
    )


def test_models_with_matrices_of_each_row_are_refused() -> None:
    model = fog.linear_model(
        np.ones((4, 1, 1)), [[1.0]], [[1.0]], [[1.0]], start=fog.Belief([0.0], std=[1.0])
    )
    with pytest.raises(fog.ModelError, match="one entry per row"):
        fog.batches(model, GOOD)


@pytest.mark.campaign
@pytest.mark.parametrize(
    "arguments",
    [["--rows", "2e7"], ["--rows", "2e7", "--each", "20000000", "--output", "summary"], ["--file"]],
    ids=["many series", "one series", "a file"],
)
def test_memory_is_bounded_at_any_size(arguments: list[str]) -> None:
    script = Path(__file__).parents[2] / "campaigns" / "many_series.py"
    done = subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
