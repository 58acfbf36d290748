"""Files that are written as a whole: their names, links, mode and owner; and cells that are numbers."""

import os
import stat
from pathlib import Path

import pytest

from foglight.core.atomic_file import beside, target_of, whole_file
from foglight.core.csv_text import text_cell
from foglight.core.errors import DataError

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes and owners of POSIX")


def write(path: Path, text: str = "new\n") -> None:
    with whole_file(path) as file:
        file.write(text)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    "name", ["a" * 255, "é" * 127, "a" * 251 + ".csv", "x.csv", "a" * 240 + "é" * 7], ids=len
)
def test_every_legal_name_can_be_written(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    for text in ("first\n", "second\n"):
        write(path, text)
        assert path.read_text() == text and os.listdir(tmp_path) == [name]


def test_a_name_that_is_too_long_is_an_error_with_the_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot write .*aaa: File name too long"):
        write(tmp_path / ("a" * 256))
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("suffix", [".part", ".checkpoint", ".checkpoint.new", ".previous", ".1234567.part"])
def test_names_beside_a_file_are_legal_and_different(suffix: str, tmp_path: Path) -> None:
    """Two long names that begin alike have different files beside them."""
    for first, second in (("a" * 255, "a" * 254 + "b"), ("é" * 127, "é" * 126 + "è"), ("a.csv", "b.csv")):
        for hidden in (False, True):
            found = [beside(tmp_path / name, suffix, hidden=hidden) for name in (first, second)]
            assert len({*found, tmp_path / first, tmp_path / second}) == 4
            for path in found:
                assert len(os.fsencode(path.name)) <= 255 and path.name.endswith(suffix)
                path.touch()
    assert beside(tmp_path / "a.csv", ".part").name == "a.csv.part"
    assert beside(tmp_path / "a.csv", ".part", hidden=True).name == ".a.csv.part"


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    for path in (tmp_path / "a", tmp_path / "a" / "out.csv"):
        with pytest.raises(
            DataError, match=r"its links lead in a circle.* Remove one of the links"
        ) as caught:
            target_of(path)
        assert caught.value.field == str(path)
        with pytest.raises(DataError):
            write(path)
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


@POSIX
@pytest.mark.parametrize("before", [0o600, 0o640, 0o664, 0o444])
def test_a_file_keeps_its_mode(before: int, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old\n")
    path.chmod(before)
    write(path)
    assert path.read_text() == "new\n" and mode(path) == before


@POSIX
def test_a_new_file_has_the_usual_mode_or_that_of_another(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write(tmp_path / "new.csv")
        assert mode(tmp_path / "new.csv") == 0o640
        (tmp_path / "new.csv").chmod(0o600)
        with whole_file(tmp_path / "beside.csv", like=tmp_path / "new.csv") as file:
            file.write("x")
        assert mode(tmp_path / "beside.csv") == 0o600
    finally:
        os.umask(mask)


@POSIX
def test_nobody_else_can_read_a_private_file_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old\n")
    path.chmod(0o600)
    with whole_file(path) as file:
        file.write("secret")
        file.flush()
        (part,) = (tmp_path / name for name in os.listdir(tmp_path) if name != "out.csv")
        assert mode(part) == 0o600


@POSIX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_keeps_its_owner_and_group(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old\n")
    os.chown(path, 12_345, 23_456)
    path.chmod(0o660)
    write(path)
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (12_345, 23_456, 0o660)


@POSIX
def test_where_the_group_cannot_be_kept_another_one_may_do_no_more_than_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old\n")
    path.chmod(0o664)
    real = os.fstat

    def another_group(handle: int) -> os.stat_result:
        found = list(real(handle))
        found[stat.ST_GID] += 1
        return os.stat_result(found)

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refused)
    monkeypatch.setattr(os, "fstat", another_group)
    write(path)
    monkeypatch.undo()
    assert mode(path) == 0o644


@pytest.mark.parametrize("text", ["-1", "+7", "-0.5", "+1e-3", "-.5", "-12."])
def test_a_number_stays_a_number(text: str) -> None:
    assert text_cell(text) == text


@pytest.mark.parametrize(
    "text", ["-1+2", "-x", "=1", "+A1", "@1", "--1", "-1e", "-", "+", "-1 ", "-٣", "-1\n"]
)
def test_anything_else_that_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert text_cell(text).lstrip('"').startswith("'")
