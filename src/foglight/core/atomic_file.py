"""Files that are written completely or not at all."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from foglight.core.errors import DataError

_LONGEST = 255  # bytes of a file name


@contextmanager
def whole_file(path: Path, binary: bool = False, like: Path | None = None) -> Iterator[IO[Any]]:
    """Open a file of text or bytes for writing. It replaces the target only once it is complete and on disk.

    If writing is interrupted, by Ctrl-C for example, an existing file stays as it was. The new one takes its mode and,
    where the system allows it, its owner and group; with `like`, those of that file if there is no target yet. Pipes
    and devices are written directly, and a link is followed to the file that it points to. Raises DataError, naming the
    path, if the system refuses; BrokenPipeError if the reader has gone.
    """
    with refusing(path):
        if is_stream(path):
            # `-o /dev/stdout >> all.csv` must append to all.csv
            with path.open("ab") if binary else path.open("a", encoding="utf-8", newline="") as file:
                yield file
            return
        target = target_of(path)
        part = beside(target, f".{os.getpid()}.part", hidden=True)
        try:
            with new_file(part, binary, target if target.exists() or like is None else like) as file:
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


def target_of(path: Path) -> Path:
    """The file that a path leads to, links followed. Raises DataError for links in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"cannot follow {path}: its links lead in a circle. Expected a file. Remove one of the links, or choose "
            "another path.",
            field=str(path),
        ) from error


def beside(path: Path, suffix: str, *, hidden: bool = False) -> Path:
    """A path in the same folder: the name with this suffix, shortened if the whole would be too long for a name."""
    name = "." * hidden + path.name + suffix
    if len(os.fsencode(name)) > _LONGEST:
        digest = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]
        room = _LONGEST - len(os.fsencode("." * hidden + suffix)) - len(digest) - 1
        name = "." * hidden + os.fsencode(path.name)[:room].decode(errors="ignore") + "~" + digest + suffix
    return path.with_name(name)


def take_over(handle: int, old: Path) -> None:
    """Give an open file the mode, the owner and the group of an old file, as far as the system allows it."""
    try:
        found = old.stat()
    except OSError:  # there is none
        return
    mode = stat.S_IMODE(found.st_mode) & 0o777
    if hasattr(os, "fchown"):
        for owner in (found.st_uid, -1):  # only the superuser may give files away
            with suppress(OSError):
                os.fchown(handle, owner, found.st_gid)
                break
        if os.fstat(handle).st_gid != found.st_gid:  # another group may do no more than anybody
            mode &= ~0o070 | (mode & 0o007) << 3
        with suppress(OSError):  # a file system without modes
            os.fchmod(handle, mode)


def new_file(path: Path, binary: bool, old: Path) -> IO[Any]:
    """A new file with the mode of the old one; nobody else can read it before it has that."""
    path.unlink(missing_ok=True)
    mode = 0o600 if old.exists() else 0o666
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    take_over(handle, old)
    return os.fdopen(handle, "wb") if binary else os.fdopen(handle, "w", encoding="utf-8", newline="")


def is_stream(path: Path) -> bool:
    """Whether a path leads to a pipe, a device or an open file of this process, such as /dev/stdout."""
    # /dev/stdout may lead to a regular file that the shell holds open: that file must not be replaced.
    parts = Path(os.path.normpath(path.absolute())).parts
    shared_memory = parts[2:3] == ("shm",)  # /dev/shm holds regular files
    if parts[:2] in ((os.sep, "dev"), (os.sep, "proc")) and not shared_memory:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:  # there is no such file, or no way to it
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
