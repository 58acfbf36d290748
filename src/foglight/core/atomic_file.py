"""Files that are written completely or not at all, and CSV cells that no spreadsheet takes for a formula."""

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
    """Open a file of text or bytes for writing. It replaces the target only once it is complete and on disk.

    If writing is interrupted, by Ctrl-C for example, an existing file stays as it was. Pipes and devices are
    written directly, and a link is followed to the file that it points to. Raises DataError, naming the path, if
    the system refuses; BrokenPipeError if the reader has gone.
    """
    with refusing(path):
        if is_stream(path):
            with _opened(path, "a", binary) as file:  # `-o /dev/stdout >> all.csv` must append to all.csv
                yield file
            return
        target = path.resolve()
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with _opened(part, "w", binary) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        settle(target.parent)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn an OSError raised inside the block into a DataError that names the path."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _refused(path, error) from error


def _opened(path: Path, mode: str, binary: bool) -> IO[Any]:
    return path.open(mode + "b") if binary else path.open(mode, encoding="utf-8", newline="")


def text_cell(text: str) -> str:
    """A string as one CSV cell: with a leading ' if a spreadsheet would run it as a formula, quoted if CSV needs it."""
    if text.startswith(FORMULA_STARTS):
        text = "'" + text
    if any(mark in text for mark in ',"\r\n'):
        text = '"' + text.replace('"', '""') + '"'
    return text


def is_stream(path: Path) -> bool:
    """Whether a path leads to a pipe, a device or an open file of this process, such as /dev/stdout."""
    # /dev/stdout may lead to a regular file that the shell holds open: that file must not be replaced.
    parts = Path(os.path.normpath(path.absolute())).parts
    shared_memory = parts[2:3] == ("shm",)  # /dev/shm holds regular files
    if parts[:2] in ((os.sep, "dev"), (os.sep, "proc")) and not shared_memory:
        return True
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def settle(folder: Path) -> None:
    """Sync the folder, so that the new name is on disk too. Some systems cannot sync a folder."""
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
        f"cannot write {path}: {error.strerror}. Any existing file is unchanged. Choose another path.",
        field=str(path),
    )
