"""Files that appear whole or not at all, and cells that no spreadsheet takes for a formula."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from foglight.core.errors import DataError

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def whole_file(path: Path, binary: bool = False) -> Iterator[IO[Any]]:
    """A file of text or bytes to write, put in its place only once it is complete and on the disk.

    Whatever interrupts the writing, Ctrl-C included, a file that was there before stays as it was. Pipes and
    devices are written directly, and through a link the file that it points to. Raises DataError, naming the
    path, where the system refuses; BrokenPipeError where nobody reads any more.
    """
    with refusing(path):
        if is_stream(path):
            with _opened(path, "a", binary) as file:  # `-o /dev/stdout >> all.csv` must keep what all.csv has
                yield file
            return
        place = path.resolve()
        part = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            with _opened(part, "w", binary) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
        settle(place.parent)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """What the system refuses in here is a DataError that names the path."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _refused(path, error) from error


def _opened(path: Path, mode: str, binary: bool) -> IO[Any]:
    return path.open(mode + "b") if binary else path.open(mode, encoding="utf-8", newline="")


def text_cell(text: str) -> str:
    """A text as one CSV cell: marked as text where a spreadsheet would run it, quoted where it must be."""
    if text.startswith(FORMULA_STARTS):
        text = "'" + text
    if any(mark in text for mark in ',"\r\n'):
        text = '"' + text.replace('"', '""') + '"'
    return text


def is_stream(path: Path) -> bool:
    """Whether a path leads to a pipe, a device or an open file of this process, such as /dev/stdout."""
    # What /dev/stdout leads to may be a plain file that the shell holds open: it must not be put aside.
    parts = Path(os.path.normpath(path.absolute())).parts
    if parts[:2] in ((os.sep, "dev"), (os.sep, "proc")) and parts[2:3] != (
        "shm",
    ):  # /dev/shm has plain files
        return True
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def settle(folder: Path) -> None:
    """The new name on the disk, too; some systems cannot sync a folder."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refused(path: Path, error: OSError) -> DataError:
    if not path.parent.is_dir():
        return DataError(
            f"cannot write {path}: there is no folder {path.parent}. Create it first.", field=str(path.parent)
        )
    return DataError(
        f"cannot write {path}: {error.strerror}. What was there before is untouched; choose another place.",
        field=str(path),
    )
