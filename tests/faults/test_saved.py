"""Saved filters continue with the same bits, survive damaged files and killed processes, and hold only data."""

import hashlib
import json
import math
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from faults import saved_world
from faults.saved_world import METHOD, MODEL, bits, follow, model, started, step
from foglight import __version__
from foglight.live import saved_file
from foglight.live.history import Marks
from foglight.live.saved_file import KIND, PREVIOUS, SCHEMA

STATES = Path(__file__).with_name("states")


def signed(body: str, schema: int = SCHEMA) -> bytes:
    """A file with this content and the right checksum."""
    digest = hashlib.sha256(f"{KIND} {schema} {len(body)}\n".encode() + body.encode()).hexdigest()
    header = {"kind": KIND, "schema": schema, "bytes": len(body), "sha256": digest}
    return f"{json.dumps(header)}\n{body}\n".encode()


def content(path: Path) -> Any:
    return json.loads(path.read_text().splitlines()[1])


FILTERS: dict[str, Callable[[], Any]] = {
    "all options": started,
    "plain": lambda: fog.online(MODEL),
    "UKF": lambda: started(fog.UKF(alpha=0.7, beta=2.5, huber={"radar": 1.5}), on_bad="raise"),
    "CKF": lambda: started(fog.CKF(gate={"radar": 0.9}, recover=0.3)),
    "student": lambda: started(fog.UKF(student={"radar": 2.5}, gate=0.999, recover=0.2)),
    "joseph": lambda: started(fog.EKF(form="joseph", iterations=np.int64(2)), start_time=-1.5),
    "jumps": lambda: started(max_gap=0.25, history=0.2),
    "endless history": lambda: started(history=math.inf, repeats="keep", gap=None),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("rows", [0, 1, 60])
def test_a_restored_filter_goes_on_with_the_same_bits(name: str, rows: int, tmp_path: Path) -> None:
    live, path = follow(0, rows, FILTERS[name]()), tmp_path / "filter.live"
    live.save(path)
    again = fog.restore(path, model())
    assert bits(again) == bits(live) and again.method == live.method
    assert (again.rows, again.time) == (live.rows, live.time) and again.belief == live.belief
    assert (again.info is None) == (rows == 0) and str(again.info) == str(live.info)
    if rows:
        assert again.info.gain.tobytes() == live.info.gain.tobytes()
    assert bits(follow(rows, rows + 30, again)) == bits(follow(rows, rows + 30, live))


def test_controls_and_matrices_are_restored_too(tmp_path: Path) -> None:
    pushed = fog.Motion(
        ("gap", "speed"),
        lambda x, dt, p, u: [x.gap + dt * x.speed, x.speed + dt * u.push],
        lambda x, dt, p, u: [[0.1 * dt, 0.0], [0.0, 0.2 * dt]],
        controls=("push",),
    )
    steered = fog.Model(pushed, MODEL.sensors, MODEL.start)
    live = fog.online(steered, history=1.0)
    for k in range(8):
        live.step(0.1 * k, "lidar", 5.0 + 0.1 * k, u=None if k == 0 else [0.1 * k])
    live.save(tmp_path / "a")
    again = fog.restore(tmp_path / "a", steered)
    for one in (live, again):
        one.step(0.25, "radar", [5.0, 1.0])
    assert bits(again) == bits(live) and again.counts["LATE"] == 1


def test_the_file_before_is_kept_and_serves_when_the_newest_does_not(tmp_path: Path) -> None:
    path = tmp_path / "filter.live"
    live = follow(0, 10)
    live.save(path)
    first, data = bits(live), path.read_bytes()
    follow(10, 20, live).save(path)
    assert sorted(os.listdir(tmp_path)) == ["filter.live", "filter.live.previous"]
    assert Path(f"{path}{PREVIOUS}").read_bytes() == data and bits(fog.restore(path, MODEL)) == bits(live)
    whole = path.read_bytes()
    for spoilt, words in (
        (whole[:-7], "is incomplete"),
        (whole[:40], "is not a saved filter"),
        (b"", "is not a saved filter"),
        (whole + b"more", "is incomplete"),
        (whole.replace(b"0x1.", b"0x1,", 1), "is altered"),
        (whole.replace(b'"schema": %d' % SCHEMA, b'"schema": %d' % (SCHEMA + 1)), "is altered"),
        (None, "cannot be read: No such file"),
    ):
        if spoilt is None:
            path.unlink()
        else:
            path.write_bytes(spoilt)
        with pytest.warns(
            UserWarning, match=rf"{words}.* Restored the previous file, filter.live.previous: row 10"
        ):
            assert bits(fog.restore(path, MODEL)) == first
    Path(f"{path}{PREVIOUS}").write_bytes(whole[:100])
    with pytest.raises(
        fog.StateError, match=r"cannot be read.*, and .*previous is .*\. Expected a file that live\.save"
    ):
        fog.restore(path, MODEL)


def test_every_byte_counts(tmp_path: Path) -> None:
    """A flipped bit or a truncated file is always noticed: only what was saved is restored."""
    path = tmp_path / "filter.live"
    follow(0, 12, started(history=0.3)).save(path)
    whole, expected = path.read_bytes(), bits(fog.restore(path, MODEL))
    Path(f"{path}{PREVIOUS}").unlink(missing_ok=True)
    draw = np.random.default_rng(2)
    offsets = [*range(0, 160, 2), *draw.integers(160, len(whole), 70).tolist()]
    survived = 0
    for at in offsets:
        for spoilt in (
            whole[:at],
            whole[:at] + bytes([whole[at] ^ (1 << int(draw.integers(8)))]) + whole[at + 1 :],
        ):
            path.write_bytes(spoilt)
            try:
                assert bits(fog.restore(path, MODEL)) == expected
                survived += 1
            except fog.StateError as refused:
                assert "Expected a file that live.save wrote" in str(refused)
    assert survived <= 4  # a space of the header may have become another kind of blank


def test_another_model_is_refused_with_both_hashes(tmp_path: Path) -> None:
    path = tmp_path / "filter.live"
    follow(0, 5).save(path)
    hashes = [fog_hash(MODEL), fog_hash(model(accel=0.5))]
    with pytest.raises(
        fog.StateError, match=rf"its hash is {hashes[0]}, and this model's .* is {hashes[1]}"
    ) as caught:
        fog.restore(path, model(accel=0.5))
    assert caught.value.field == "model" and caught.value.value == hashes[0]
    with pytest.raises(fog.ModelError, match=r"expected a fog\.Model"):
        fog.restore(path, "model")  # type: ignore[arg-type]


def fog_hash(one: fog.Model) -> str:
    from foglight.compiler.fingerprint import fingerprint

    return fingerprint(one, METHOD)


def terrain(heights: list[float], key: str | None) -> fog.Model:
    """A filter that looks up a height, which cannot be traced."""
    measure = fog.opaque(lambda x, p: [heights[int(np.clip(round(float(x.a)), 0, 3))]], key=key)
    return fog.Model(
        fog.Motion(("a",), lambda x, dt, p: [x.a], lambda x, dt, p: [[0.1 * dt]]),
        [fog.Sensor("s", ("u",), measure, lambda x, p: [[1.0]])],
        fog.Belief([0.0], std=[1.0]),
    )


def test_a_filter_with_an_opaque_function_is_saved_by_its_key(tmp_path: Path) -> None:
    """Its name, as it was, is the same for another table."""
    path = tmp_path / "filter.live"
    live = fog.online(terrain([0, 1, 2, 3], "map 1"))
    live.step(0.0, "s", 1.0)
    live.save(path)
    assert fog.restore(path, terrain([0, 1, 2, 3], "map 1")).belief == live.belief
    with pytest.raises(fog.StateError, match="was saved for another model"):
        fog.restore(path, terrain([0, 100, 200, 300], "map 2"))
    unnamed = fog.online(terrain([0, 1, 2, 3], None))
    unnamed.step(0.0, "s", 1.0)
    with pytest.raises(fog.StateError, match=r"s\.measure is a fog\.opaque function without a key"):
        unnamed.save(tmp_path / "other.live")
    with pytest.raises(fog.StateError, match=r"s\.measure is a fog\.opaque function without a key"):
        fog.restore(path, terrain([0, 100, 200, 300], None))
    assert os.listdir(tmp_path) == ["filter.live"] and unnamed.copy().belief == unnamed.belief


def test_a_newer_release_is_refused_and_no_older_file_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "filter.live"
    for _ in range(2):
        follow(0, 5).save(path)
    path.write_bytes(signed(json.dumps(content(path)), schema=SCHEMA + 1))
    expected = rf"has schema {SCHEMA + 1}, and this is Foglight {__version__}, which reads up to {SCHEMA}"
    with pytest.raises(fog.StateError, match=expected):
        fog.restore(path, MODEL)


@pytest.mark.parametrize("path", sorted(STATES.glob("*.live")), ids=lambda path: path.name)
def test_the_files_of_every_release_are_read(path: Path) -> None:
    """states/schema<n>.live was written after 25 rows by the release with schema n."""
    schema, saved = int(path.stem.removeprefix("schema")), content(path)
    assert 1 <= schema <= SCHEMA
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        live = fog.restore(path, MODEL)
    assert live.belief.mean.tolist() == [float.fromhex(number) for number in saved["carry"][:2]]
    assert live.loglik == float.fromhex(saved["carry"][-2]) and live.rows == saved["rows"]
    assert sum(live.counts.values()) == sum(rows * bin(status).count("1") for status, rows in saved["counts"])
    if schema == 1:  # gates gave way by another rule, and after 1 s where nothing was said
        assert live.method == fog.EKF(gate=0.99) and live.options.get("max_gap") is None
        assert follow(25, 40, live).rows == 40 and live.belief.names == ("gap", "speed")
        return
    assert live.method == METHOD and live.options["max_gap"] == 5.0
    fresh = follow(0, 25)
    np.testing.assert_allclose(live.belief.mean, fresh.belief.mean, rtol=1e-9)
    np.testing.assert_allclose(live.belief.cov, fresh.belief.cov, rtol=1e-9)
    assert (
        live.counts == fresh.counts and live.rows == fresh.rows and live.loglik == pytest.approx(fresh.loglik)
    )


def test_there_is_a_file_of_every_schema() -> None:
    assert [path.name for path in sorted(STATES.iterdir())] == [
        f"schema{n}.live" for n in range(1, SCHEMA + 1)
    ]


JUNK = (
    None,
    True,
    -1,
    10**30,
    0.5,
    "",
    "nan",
    "0x1p9999",
    "__import__('os').system('true')",
    [],
    [[]],
    {},
    {"a": 1},
    [None] * 40,
)


def paths(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value in the content; of lists, only to the first two entries."""
    yield at
    entries = (
        data.items() if isinstance(data, dict) else enumerate(data[:2]) if isinstance(data, list) else ()
    )
    for key, entry in entries:
        yield from paths(entry, (*at, key))


@pytest.mark.parametrize("schema", [1, SCHEMA])
def test_content_that_no_filter_writes_is_refused(schema: int, tmp_path: Path) -> None:
    """A forged file with the right checksum is either refused or restored as a valid filter; nothing else happens."""
    path = tmp_path / "filter.live"
    follow(0, 8).save(path)
    whole = content(path if schema == SCHEMA else STATES / f"schema{schema}.live")
    tried = refused = 0
    for at in paths(whole):
        for junk in JUNK[len(at) % 3 :: 2 if len(at) < 2 else 6]:
            data = json.loads(json.dumps(whole))
            inner: Any = data
            for key in at[:-1]:
                inner = inner[key]
            if at:
                inner[at[-1]] = junk
            path.write_bytes(signed(json.dumps(data if at else junk), schema))
            tried += 1
            try:
                live = fog.restore(path, MODEL)
                assert isinstance(live.belief, fog.Belief) and live.rows >= 0
                live.step(50.0, "lidar", 5.0)
            except fog.StateError:
                refused += 1
    assert tried > 200 and refused > 0.8 * tried


def test_rows_that_are_kept_but_not_counted_are_refused(tmp_path: Path) -> None:
    """Otherwise a late row would be subtracted from a count that does not exist."""
    path = tmp_path / "filter.live"
    follow(0, 8).save(path)
    data = content(path)
    data["counts"] = []
    path.write_bytes(signed(json.dumps(data)))
    with pytest.raises(fog.StateError, match="fewer rows are counted than kept"):
        fog.restore(path, MODEL)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"rows": ' + "9" * 10_000 + "}",
        "null",
        '"text"',
        "{",
        "\x00",
        '{"method": ["posix.system", {}]}',
    ],
    ids=lambda body: body[:20],
)
def test_content_that_is_hardly_json_is_refused(body: str, tmp_path: Path) -> None:
    path = tmp_path / "filter.live"
    path.write_bytes(signed(body))
    with pytest.raises(fog.StateError, match=r"Expected a file that live\.save wrote"):
        fog.restore(path, MODEL)


def test_a_file_larger_than_any_filter_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "filter.live"
    follow(0, 5).save(path)
    monkeypatch.setattr(saved_file, "LARGEST", 500)
    with pytest.raises(fog.StateError, match="is larger than 500 bytes"):
        fog.restore(path, MODEL)


def test_what_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "filter.live"
    live = follow(0, 5)
    live.save(path)
    before, data = bits(live), path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(fog.DataError, match="No space left on device"):
        live.save(path)
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["filter.live"] and path.read_bytes() == data and bits(live) == before
    with pytest.raises(fog.DataError, match="there is no folder"):
        live.save(tmp_path / "nowhere" / "filter.live")


def test_a_file_system_without_links_keeps_the_file_before_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*names: Any) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "filter.live"
    live = follow(0, 5)
    live.save(path)
    data = path.read_bytes()
    follow(5, 9, live).save(str(path))
    assert sorted(os.listdir(tmp_path)) == ["filter.live", "filter.live.previous"]
    assert Path(f"{path}{PREVIOUS}").read_bytes() == data


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked children")
@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.campaign)])
def test_killed_at_random_moments_no_acknowledged_row_is_lost(kills: int, tmp_path: Path) -> None:
    root = Path(saved_world.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, saved_world.__file__, str(tmp_path), str(kills), "5"],
        env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and len(lines) == 1, done.stdout + done.stderr
    assert lines[0].startswith(f"{kills} kills, ") and int(lines[0].split()[2]) >= kills // 2


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that interrupts")
@pytest.mark.parametrize(
    "options", [{}, {"history": 0.0, "repeats": "keep", "gap": None}], ids=["all", "plain"]
)
def test_interrupted_anywhere_a_row_is_taken_whole_or_not_at_all(options: dict[str, Any]) -> None:
    """Ctrl-C at random moments in a loop of steps: the filter then is in the state that its number of rows implies."""
    live, draw, interrupts = started(fog.EKF(), **options), np.random.default_rng(3), 0
    step(live, 0)
    for _ in range(150):
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        try:
            signal.setitimer(signal.ITIMER_REAL, draw.uniform(2e-5, 2e-3))
            end = time.monotonic() + 1.0
            while time.monotonic() < end:
                step(live, live.rows)
        except KeyboardInterrupt:
            interrupts += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert interrupts == 150
    assert bits(live) == bits(follow(0, live.rows, started(fog.EKF(), **options)))


@pytest.mark.parametrize("call", [0, 1, 3, 5])
def test_interrupted_while_old_rows_are_dropped_a_row_is_not_taken(
    call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 41 drops five rows from the history: the marks are applied once for it, and once for each of them."""
    live, calls, apply = follow(0, 41), iter(range(9)), Marks.apply

    def interrupted(*given: Any) -> Any:
        if next(calls) == call:
            raise KeyboardInterrupt
        return apply(*given)

    before = bits(live)
    with monkeypatch.context() as patched:
        patched.setattr(Marks, "apply", interrupted)
        with pytest.raises(KeyboardInterrupt):
            step(live, 41)
    assert bits(live) == before and bits(follow(41, 45, live)) == bits(follow(0, 45))
