"""Outputs that survive a kill, truncation or change; and those that must not be continued."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import foglight as fog
from foglight.cli import resumable
from foglight.cli.demo import write_run
from foglight.cli.filter_file import filter_file
from foglight.cli.resumable import read_checkpoint, write_checkpoint
from foglight.data.parts import open_log
from unit.cli import killed

KILLED = Path(killed.__file__)


class StoppedError(Exception):
    """Raised to stop a run in the middle."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    killed.write_log(tmp_path / "log.csv", 1_000)
    killed.filter_it(tmp_path / "log.csv", tmp_path / "whole.csv", resume=False)
    return tmp_path


def resumed(
    folder: Path,
    *,
    stop: int | None = None,
    model: fog.Model = killed.MODEL,
    method: Any = None,
    gap: float = 1.0,
    every: float = 0.0,
    **options: Any,
) -> tuple[Any, list[str]]:
    """A run of out.csv in parts of 60 rows with a commit after each; stop: after so many parts."""
    notes: list[str] = []

    def progress(rows: int) -> None:
        if stop is not None and rows == 60 * stop:
            raise StoppedError

    reading = {"track": "track"} | options
    totals = filter_file(
        open_log(folder / "log.csv", **reading), model, method or fog.EKF(), folder / "out.csv", gap=gap, rows=60,
        every=every, resume=reading, progress=progress, note=notes.append,
    )  # fmt: skip
    return totals, notes


def stopped(folder: Path, parts: int = 8) -> dict[str, Any]:
    """Stop a run after some parts; returns the content of its checkpoint."""
    with pytest.raises(StoppedError):
        resumed(folder, stop=parts)
    content = read_checkpoint(folder / "out.csv.checkpoint")
    assert content is not None and content["state"]["stream"]["rows"] == 60 * parts
    return content


def whole(folder: Path) -> bool:
    """Whether the output is complete, to the byte, and no other file is left."""
    beside = [path.name for path in folder.iterdir() if path.name.startswith("out.csv.")]
    return (folder / "out.csv").read_bytes() == (folder / "whole.csv").read_bytes() and not beside


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=pytest.mark.campaign)])
def test_killed_at_random_moments_it_loses_nothing(tmp_path: Path, kills: int) -> None:
    command = [
        sys.executable,
        "-W",
        "ignore::DeprecationWarning",
        str(KILLED),
        str(tmp_path),
        str(kills),
        "1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outputs = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert sum(int(count) for count, _, _ in outputs) == kills
    if kills > 100:
        assert max(int(count) for count, _, _ in outputs) > 2, "no run was killed again and again"
    assert all(same == "True" and left == "[]" for _, same, left in outputs), outputs


@pytest.mark.parametrize("parts", [0, 1, 9, 16])
def test_it_continues_where_it_was_stopped(folder: Path, parts: int) -> None:
    if parts:
        stopped(folder, parts)
    else:  # before the first commit
        with pytest.raises(StoppedError):
            resumed(folder, stop=2, every=1e9)
    assert not (folder / "out.csv").exists()
    totals, notes = resumed(folder)
    assert whole(folder) and notes == [f"continuing after {60 * parts} rows."] * (parts > 0)
    fresh = filter_file(
        open_log(folder / "log.csv", track="track"), killed.MODEL, fog.EKF(), folder / "a.csv", gap=1.0
    )
    assert totals == fresh


def test_what_was_written_after_the_last_commit_is_cut_off(folder: Path) -> None:
    stopped(folder)
    with (folder / "out.csv.part").open("ab") as file:
        file.write(b"12.3,half a li")
    resumed(folder)
    assert whole(folder)


def test_an_older_output_stays_until_the_new_one_is_whole(folder: Path) -> None:
    (folder / "out.csv").write_text("older")
    stopped(folder)
    assert (folder / "out.csv").read_text() == "older"
    resumed(folder)
    assert whole(folder)


def test_a_parquet_log_is_continued_in_the_middle_of_a_row_group(folder: Path) -> None:
    tables, parquet = pytest.importorskip("pyarrow.csv"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(tables.read_csv(folder / "log.csv"), folder / "log.parquet", row_group_size=130)
    whole_run = fog.run(killed.MODEL, fog.Log.read(folder / "log.parquet", track="track"), gap=1.0)
    write_run(folder / "whole.csv", whole_run)
    for stop in (60, 300, 660, 1_000, None):

        def progress(rows: int, stop: int | None = stop) -> None:
            if rows == stop:
                raise StoppedError

        with contextlib.suppress(StoppedError):
            filter_file(
                open_log(folder / "log.parquet", track="track"), killed.MODEL, fog.EKF(), folder / "out.csv",
                gap=1.0, rows=60, every=0.0, resume={}, progress=progress, note=lambda text: None,
            )  # fmt: skip
        assert (folder / "out.csv").exists() == (stop is None)
    assert whole(folder)


@pytest.mark.parametrize("renamed", [False, True])
def test_stopped_between_the_last_row_and_the_last_name(
    folder: Path, renamed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows are written, but OUT.part is not OUT yet; or it is, and the checkpoint is still there."""
    from foglight.cli.resumable import Unfinished

    def finish(self: Unfinished) -> None:
        if renamed:
            self.part.replace(self.out)
        raise StoppedError

    with monkeypatch.context() as patch, pytest.raises(StoppedError):
        patch.setattr(Unfinished, "finish", finish)
        resumed(folder)
    assert (folder / "out.csv.checkpoint").exists() and (folder / "out.csv").exists() == renamed
    totals, notes = resumed(folder)
    assert whole(folder) and totals.rows == 1_000 and notes == ["continuing after 1000 rows."]


def changed_log(folder: Path) -> dict[str, Any]:
    text = (folder / "log.csv").read_text().splitlines()
    text[500] = text[500][:-1] + "7"
    (folder / "log.csv").write_text("\n".join(text) + "\n")
    return {}


def longer_log(folder: Path) -> dict[str, Any]:
    with (folder / "log.csv").open("a") as file:
        file.write("999.0,9,5.0\n")
    return {}


OTHERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "another set of options: gap is 2.0, and was 1.0": lambda folder: {"gap": 2.0},
    "another set of options: repeats is skip, and was None": lambda folder: {"repeats": "skip"},
    "another model or method: fingerprint is": lambda folder: {"method": fog.EKF(gate=0.99)},
    "another log: size is": longer_log,
    "another log: sha256 is": changed_log,
}


@pytest.mark.parametrize("says", OTHERS)
def test_it_does_not_continue_with_something_else(folder: Path, says: str) -> None:
    stopped(folder)
    before = (folder / "out.csv.part").read_bytes(), (folder / "out.csv.checkpoint").read_bytes()
    options = OTHERS[says](folder)
    with pytest.raises(fog.StateError, match=re.escape(says)) as caught:
        resumed(folder, **options)
    assert "Delete the checkpoint to start over." in str(caught.value) and caught.value.field
    assert before == ((folder / "out.csv.part").read_bytes(), (folder / "out.csv.checkpoint").read_bytes())


def test_another_model_is_distinguished_from_this_one(folder: Path) -> None:
    stopped(folder)
    with pytest.raises(fog.StateError, match="another model"):
        resumed(folder, model=killed.MODEL.with_parameters({"accel": 0.41}))
    (folder / "out.csv.part").unlink()
    with pytest.raises(fog.StateError, match="another model"):
        resumed(folder, model=killed.MODEL.with_parameters({"accel": 0.41}))
    assert not (folder / "out.csv.part").exists()


def test_another_release_does_not_continue(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped(folder)
    monkeypatch.setattr(fog, "__version__", "9.9.9")
    with pytest.raises(fog.StateError, match=r"another release: version is 9\.9\.9, and was"):
        resumed(folder)


def damages(raw: bytes) -> Iterator[bytes]:
    yield b""
    yield raw[: len(raw) // 2]
    for at in range(3, len(raw), len(raw) // 12):
        yield raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
    yield b"\xff" + raw
    yield b"[" * 100_000
    yield json.dumps({"format": 1, "sha256": "0", "content": {}}).encode()
    yield json.dumps([]).encode()


def test_a_damaged_checkpoint_is_reported_and_the_run_starts_over(folder: Path) -> None:
    stopped(folder)
    raw = (folder / "out.csv.checkpoint").read_bytes()
    noticed = 0
    for damaged in damages(raw):
        (folder / "out.csv.checkpoint").write_bytes(damaged)
        noticed += read_checkpoint(folder / "out.csv.checkpoint") is None
    assert noticed == len(list(damages(raw)))
    (folder / "out.csv.checkpoint").write_bytes(raw[:-20])
    _, notes = resumed(folder)
    assert (
        whole(folder)
        and len(notes) == 1
        and notes[0].endswith("out.csv.checkpoint is damaged: starting over.")
    )


JUNK = (None, True, -1, 10**30, 0.5, "", "0x1p9999", [], {}, [None] * 9)


def entries(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value in the content; of lists, only to the first entry."""
    yield at
    inner = data.items() if isinstance(data, dict) else enumerate(data[:1]) if isinstance(data, list) else ()
    for key, entry in inner:
        yield from entries(entry, (*at, key))


def test_a_forged_checkpoint_is_refused(folder: Path) -> None:
    """A forged checkpoint with the right checksum is refused, or the run starts over; nothing worse happens."""
    content = stopped(folder)
    part = (folder / "out.csv.part").read_bytes()
    path = folder / "out.csv.checkpoint"
    refused = began = 0
    for at in entries(content):
        if at[-1:] == ("track",):  # an impossible track is noticed as the file is read
            continue
        for junk in JUNK[len(at) % 3 :: 6]:
            data = json.loads(json.dumps(content))
            inner = data
            for key in at[:-1]:
                inner = inner[key]
            if at:
                inner[at[-1]] = junk
            (folder / "out.csv.part").write_bytes(part)
            write_checkpoint(path, data if at else junk)
            try:
                began += bool(resumed(folder, stop=9)[1])
            except fog.FoglightError:
                refused += 1
            except StoppedError:
                began += 1
    assert refused > 30 and began > 5


def test_too_few_numbers_are_not_given_to_the_compiled_step(folder: Path) -> None:
    content = stopped(folder)
    content["state"]["stream"]["carry"].pop()
    write_checkpoint(folder / "out.csv.checkpoint", content)
    with pytest.raises(fog.StateError, match=r"has invalid content \(ValueError: expected \d+ numbers\)"):
        resumed(folder)


@pytest.mark.parametrize("spoil", ["short", "changed", "gone"])
def test_an_output_that_does_not_match_its_checkpoint_is_started_over(folder: Path, spoil: str) -> None:
    stopped(folder)
    part = folder / "out.csv.part"
    raw = part.read_bytes()
    if spoil == "gone":
        part.unlink()
    else:
        part.write_bytes(raw[:-500] if spoil == "short" else raw.replace(b"MISSING", b"missing", 1))
    _, notes = resumed(folder)
    assert whole(folder) and notes == [f"{part} does not match out.csv.checkpoint: starting over."]


def test_one_process_at_a_time(folder: Path) -> None:
    from foglight.cli.resumable import Unfinished

    stopped(folder)
    content = read_checkpoint(folder / "out.csv.checkpoint")
    assert content is not None
    same = {key: content[key] for key in ("log", "model or method", "set of options", "release")}
    with Unfinished(folder / "out.csv", same, print) as other:
        other.open()
        with pytest.raises(fog.StateError, match="written by another process"):
            resumed(folder)
    resumed(folder)
    assert whole(folder)


def test_rows_are_on_the_disk_before_the_checkpoint_that_counts_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync of OUT.part, of the new checkpoint, rename, fsync of the folder: in this order, at every commit."""
    done: list[str] = []
    really, replaced = os.fsync, Path.replace

    def fsync(handle: int) -> None:
        done.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)
        really(handle)

    def replace(self: Path, to: Any) -> Path:
        done.append(f"-> {Path(to).name}")
        return replaced(self, to)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not report which file a handle is of")
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    resumed(folder)
    commit = ["out.csv.part", "out.csv.checkpoint.new", "-> out.csv.checkpoint", folder.name]
    assert done == commit * 18 + ["-> out.csv", folder.name, folder.name]


def test_a_checkpoint_is_data(tmp_path: Path) -> None:
    content = {
        "carry": [(0.1).hex(), float("-inf").hex()],
        "place": {"offset": 3, "track": None},
        "names": ["é", "="],
    }
    write_checkpoint(tmp_path / "c", content)
    assert read_checkpoint(tmp_path / "c") == content
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
    with pytest.raises(ValueError):
        write_checkpoint(tmp_path / "c", {"number": float("nan")})
    assert read_checkpoint(tmp_path / "c") == content


def test_a_file_that_is_too_large_is_not_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_checkpoint(tmp_path / "c", {"x": "y" * 500})
    assert read_checkpoint(tmp_path / "c") is not None
    monkeypatch.setattr(resumable, "LARGEST", 100)
    assert read_checkpoint(tmp_path / "c") is None


@pytest.mark.parametrize(
    ("out", "says"),
    [("out.parquet", "a Parquet file cannot be continued"), ("/dev/null", "not a regular file")],
)
def test_what_cannot_be_continued_is_refused_at_once(folder: Path, out: str, says: str) -> None:
    source = open_log(folder / "log.csv", track="track")
    with pytest.raises(fog.DataError, match=says):
        filter_file(source, killed.MODEL, fog.EKF(), folder / out, resume={})
    assert not (folder / "out.parquet").exists()
