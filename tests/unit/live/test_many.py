"""Many filters in one file, and a filter as bytes: the same bits afterwards, and what happens to damaged files."""

import multiprocessing
import os
import re
import time
import tracemalloc
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.live import filter_store
from unit.live_cases import METHODS, MODELS, plane, rows
from unit.model.travelling import radar

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "history": {"history": 2.0, "lag": 1.0, "repeats": "skip", "gap": 0.5},
    "start": {"start_time": 0.25, "max_gap": 5.0},
}


def _same(first: fog.Live, second: fog.Live) -> None:
    """Two filters agree in everything, and after another row, too."""
    for live in (first, second):
        assert isinstance(live, fog.Live)
    assert first.belief.mean.tobytes() == second.belief.mean.tobytes()
    assert first.belief.cov.tobytes() == second.belief.cov.tobytes()
    assert (first.rows, first.counts, first.time) == (second.rows, second.counts, second.time)
    assert first.loglik == second.loglik and repr(first) == repr(second)
    if first.info is not None and second.info is not None:
        assert repr(first.info) == repr(second.info)
        assert first.info.gain.tobytes() == second.info.gain.tobytes()


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("model_name", ["two sensors", pytest.param("controls", marks=pytest.mark.campaign)])
def test_restored_filters_go_on_with_the_same_bits(tmp_path: Path, model_name: str, options: str) -> None:
    model = MODELS[model_name]()
    readings = rows(model, count=24)
    fed = {f"filter {k}": fog.online(model, **OPTIONS[options]) for k in range(3)}
    for k, live in enumerate(fed.values()):
        for row in readings[: 8 * k]:
            row.step(live)
    fog.save_many(tmp_path / "all.live", fed)
    found = fog.restore_many(tmp_path / "all.live", model)
    assert list(found) == list(fed)
    for k, name in enumerate(fed):
        _same(fed[name], found[name])
        other = fog.restore(fed[name].dumps(), model)
        for row in readings[8 * k :]:
            for live in (fed[name], found[name], other):
                row.step(live)
        _same(fed[name], found[name])
        _same(fed[name], other)


@pytest.mark.campaign
@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_kept(tmp_path: Path, name: str) -> None:
    model, path = plane(), tmp_path / "all.live"
    live = fog.online(model, METHODS[name], history=1.0)
    for row in rows(model, count=15):
        row.step(live)
    fog.save_many(path, {"one": live})
    found = fog.restore_many(path, model)["one"]
    assert repr(found.method) == repr(live.method)
    _same(live, found)


def test_unknown_directions_are_kept(tmp_path: Path) -> None:
    model = fog.structural(trend="random")
    live = fog.online(model)
    live.step(0.0, "series", 3.0)  # the slope is still unknown
    fog.save_many(tmp_path / "all.live", {"one": live})
    found = fog.restore_many(tmp_path / "all.live", model)["one"]
    for other in (found, fog.restore(live.dumps(), model)):
        assert other.belief.unknown.tobytes() == live.belief.unknown.tobytes()
    for t, z in ((1.0, 3.5), (2.0, 4.5)):
        live.step(t, "series", z)
        found.step(t, "series", z)
    _same(live, found)


def test_the_newest_state_of_each_name_counts(tmp_path: Path) -> None:
    model, path = radar(), tmp_path / "all.live"
    fed = {f"radar {k}": fog.online(model) for k in range(5)}
    sizes = []
    for turn in range(12):
        for live in fed.values():
            live.step(0.1 * turn, "radar", [5.0 + turn])
        part = {name: fed[name] for name in list(fed)[turn % 2 :]}
        fog.save_many(path, part)
        sizes.append(path.stat().st_size)
    assert sorted(sizes) != sizes  # what is old was dropped
    assert max(sizes) < 8 * sizes[0]
    found = fog.restore_many(path, model)
    assert found["radar 0"].rows == 11 and found["radar 1"].rows == 12  # the last save left the first one out
    _same(fed["radar 3"], found["radar 3"])
    assert list(fog.restore_many(path, model, ["radar 2"])) == ["radar 2"]


def test_several_models_and_options_in_one_file(tmp_path: Path) -> None:
    first, second, path = radar(), radar().with_parameters({"radar.std": 0.5}), tmp_path / "all.live"
    fed = {"a": fog.online(first), "b": fog.online(second), "c": fog.online(first, fog.UKF(), history=1.0)}
    for live in fed.values():
        live.step(0.1, "radar", [5.2])
    fog.save_many(path, fed)
    found = fog.restore_many(path, {"a": first, "b": second, "c": first})
    for name, live in fed.items():
        _same(live, found[name])
    with pytest.raises(fog.StateError, match=r"all\.live, 'b' was saved for another model: .*Use the model"):
        fog.restore_many(path, first)


def _elsewhere(path: str) -> tuple[list[tuple[bytes, float]], float]:
    """What the filters of a file say after one more row, in this process; and the CPU time to restore them."""
    model = radar()
    fog.online(model).step(0.0, "radar", [5.0])  # compiles
    begin = time.process_time()
    found = fog.restore_many(path, model)
    seconds = time.process_time() - begin
    return [
        (live.step(9.0, "radar", [4.0])[0].cov.tobytes(), live.loglik) for _, live in sorted(found.items())
    ], seconds


@pytest.mark.campaign
def test_ten_thousand_filters_in_another_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CPU times and memory are printed; a save takes at most 20 µs a filter, the least of three."""
    model, path, count, turns = radar(), tmp_path / "all.live", 10_000, 100
    fog.online(model).step(0.0, "radar", [5.0])  # compiles
    tracemalloc.start()
    some = [fog.online(model) for _ in range(200)]
    memory = tracemalloc.get_traced_memory()[0] / len(some)
    tracemalloc.stop()
    begin = time.process_time()
    fed = {f"radar {k:05}": fog.online(model) for k in range(count)}
    create = time.process_time() - begin
    rng, begin = np.random.default_rng(8), time.process_time()
    for turn in range(turns):
        for live, z in zip(fed.values(), rng.normal(size=len(fed)).tolist(), strict=True):
            live.step(0.05 * turn, "radar", [5.0 + z])
    steps, saves = time.process_time() - begin, []
    for _ in range(3):
        begin = time.process_time()
        fog.save_many(path, fed)
        saves.append(time.process_time() - begin)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found, restore = pool.submit(_elsewhere, str(path)).result()
    here = [(live.step(9.0, "radar", [4.0])[0].cov.tobytes(), live.loglik) for _, live in sorted(fed.items())]
    assert found == here
    with capsys.disabled():
        print(
            f"\n{count} filters, CPU: create {create / count * 1e6:.0f} µs each and {memory / 1024:.1f} kB, "
            f"{count * turns} steps {steps / count / turns * 1e6:.1f} µs each, save {min(saves) / count * 1e6:.0f} µs "
            f"each, restore {restore / count * 1e6:.0f} µs each"
        )
    assert min(saves) / count <= 20e-6


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, fog.Model]:
    """A file with two saves of three filters."""
    model, path = radar(), tmp_path / "all.live"
    fed = {f"radar {k}": fog.online(model) for k in range(3)}
    for turn in range(2):
        for live in fed.values():
            live.step(float(turn), "radar", [5.0])
        fog.save_many(path, fed)
    return path, model


def test_a_save_that_was_cut_short_is_left_out(saved: tuple[Path, fog.Model]) -> None:
    path, model = saved
    whole = path.read_bytes()
    half = whole.rindex(whole[:8])  # where the second save begins
    for cut in (half + 3, half + 60, half + 400, len(whole) - 30, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.warns(UserWarning, match="the last save was interrupted"):
            found = fog.restore_many(path, model)
        assert {live.rows for live in found.values()} == {1}
    path.write_bytes(whole[:half] + bytes(200))  # the file grew, and nothing was written
    with pytest.warns(UserWarning, match="the last save was interrupted"):
        assert fog.restore_many(path, model)["radar 1"].rows == 1
    fog.save_many(path, {"radar 1": fog.online(model)})  # takes the place of what was cut short
    assert {name: live.rows for name, live in fog.restore_many(path, model).items()} == {
        "radar 0": 1, "radar 1": 0, "radar 2": 1,
    }  # fmt: skip


def test_an_interrupted_write_leaves_what_was_there(
    saved: tuple[Path, fog.Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, model = saved

    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(filter_store.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fog.save_many(path, {"radar 1": fog.online(model)})
    monkeypatch.undo()
    with pytest.warns(UserWarning, match="the last save was interrupted"):
        assert {live.rows for live in fog.restore_many(path, model).values()} == {2}


def test_altered_bytes_name_the_filter(saved: tuple[Path, fog.Model]) -> None:
    path, model = saved
    whole = path.read_bytes()
    file, content = filter_store.read(path)
    file.close()
    assert not content.interrupted and content.end == len(whole)
    entry = content.positions["radar 1"]
    path.write_bytes(whole[: entry.at + 50] + b"?" + whole[entry.at + 51 :])
    with pytest.raises(
        fog.StateError, match=r"all\.live: the entry of 'radar 1' is altered.*Leave it out with names="
    ):
        fog.restore_many(path, model)
    assert list(fog.restore_many(path, model, ["radar 0", "radar 2"])) == ["radar 0", "radar 2"]


def test_every_altered_byte_is_noticed(saved: tuple[Path, fog.Model]) -> None:
    path, model = saved
    whole = path.read_bytes()
    for at in [*range(0, 60), *range(60, len(whole), 41)]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                found = fog.restore_many(path, model)
            except fog.StateError as refused:
                assert re.search(r"Take it from a backup|take the file from a backup", str(refused)), at
                continue
        rows_found = {live.rows for live in found.values()}
        if warned:  # the last save has no end
            assert at > len(whole) - 17 and rows_found == {1}, at
        else:  # in an entry that is superseded, which nobody reads
            assert at < len(whole) // 2 and rows_found == {2}, at


def test_what_is_no_such_file_is_named(tmp_path: Path) -> None:
    model, path = radar(), tmp_path / "other.live"
    with pytest.raises(fog.StateError, match=r"other\.live cannot be read: .*Check the path"):
        fog.restore_many(path, model)
    fog.online(model).save(path)
    for use in (lambda: fog.restore_many(path, model), lambda: fog.save_many(path, {"a": fog.online(model)})):
        with pytest.raises(fog.StateError, match=r"byte 0 is not the start of a save.*Take it from a backup"):
            use()
    fog.save_many(tmp_path / "all.live", {"a": fog.online(model)})
    with pytest.raises(
        fog.StateError, match=r"has no filter 'b': expected one of 'a'\. Start it with fog\.online"
    ):
        fog.restore_many(tmp_path / "all.live", model, ["b"])
    with pytest.raises(fog.ModelError, match=r"filters\['a'\].*Write \{'pump 7': live\}"):
        fog.save_many(tmp_path / "all.live", {"a": 3})  # type: ignore[dict-item]


def test_another_process_that_writes_is_named(saved: tuple[Path, fog.Model]) -> None:
    fcntl = pytest.importorskip("fcntl")
    path, model = saved
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(
            fog.StateError, match=r"is being written by another process.*a file for each process"
        ):
            fog.save_many(path, {"radar 1": fog.online(model)})
    assert os.path.getsize(path)


def test_damaged_bytes_are_refused() -> None:
    model = radar()
    saved = fog.online(model).dumps()
    for bytes_ in (saved[:-5], saved.replace(b'"rows":0', b'"rows":1'), b"", b"\x00" * 50):
        with pytest.raises(
            fog.StateError, match=r"the argument saved is .*Expected what live\.dumps returned"
        ):
            fog.restore(bytes_, model)
