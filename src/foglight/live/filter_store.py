"""A file of many saved filters, to which every save is appended. The newest entry of a name counts.

A save is one piece: a start, a header as JSON, the entries one after the other, and an end that is written only once
the rest is on the disk. A piece without its end was interrupted: it is not read, and the next save overwrites it.
When superseded entries take up most of the file, the newest ones are written to a new file that replaces it.
"""

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from foglight.core.atomic_file import refusing, target_of, whole_file
from foglight.core.errors import StateError
from foglight.core.version import __version__

KIND = "foglight live filters"
SCHEMA = 1
_START = struct.Struct("<8sQQ32s")  # magic, bytes of the header and of the entries, SHA-256 of the header
_FIRST = _START.size + 4  # the start, with its checksum
_MAGIC, _END = b"FOGMANY\x01", b"COMPLETE"
_TAIL = len(_END) + 8  # the end, with the first bytes of the digest
_MOST_SUPERSEDED = 4  # times the bytes of the newest entries


class Group(NamedTuple):
    """Entries of one model, method and options, which `about` describes: {name: bytes}."""

    about: dict[str, Any]
    entries: Mapping[str, bytes]


class Position(NamedTuple):
    """The position of an entry, its checksum, and what is said about its group."""

    at: int
    size: int
    check: int
    about: dict[str, Any]


class Content(NamedTuple):
    """The newest entry of each name; where the last piece ends; whether one after it was interrupted."""

    positions: dict[str, Position]
    end: int
    interrupted: bool


def append(path: Path, groups: Sequence[Group]) -> None:
    """Append a save. It is on the disk once this returns, and not in the file if this is interrupted."""
    target = target_of(path)
    if not target.exists():
        with whole_file(target, binary=True) as file:
            _write(file, groups)
        return
    with refusing(target), target.open("r+b") as file, _locked(file, target):
        found = scan(file, target)
        new = sum(len(entry) for group in groups for entry in group.entries.values())
        names = {name for group in groups for name in group.entries}
        kept = sum(position.size for name, position in found.positions.items() if name not in names)
        if found.end > (1 + _MOST_SUPERSEDED) * (kept + new):
            _rewrite(file, target, found, groups, names)
            return
        file.truncate(found.end)
        file.seek(found.end)
        _write(file, groups)


def _rewrite(file: IO[bytes], target: Path, found: Content, groups: Sequence[Group], names: set[str]) -> None:
    """A new file with the newest entry of each name."""
    old: dict[str, Group] = {}
    for name, position in found.positions.items():
        if name not in names:
            key = json.dumps(position.about)
            entries: Any = old.setdefault(key, Group(position.about, {})).entries
            entries[name] = entry_at(file, name, position, target)
    with whole_file(target, binary=True) as new:
        _write(new, [*old.values(), *groups])


def _write(file: IO[bytes], groups: Sequence[Group]) -> None:
    """Write one piece, and its end once the rest is on the disk."""
    described = [
        {
            **group.about,
            "names": list(group.entries),
            "sizes": [len(entry) for entry in group.entries.values()],
            "checks": [zlib.crc32(entry) for entry in group.entries.values()],
        }
        for group in groups
    ]
    said = {"kind": KIND, "schema": SCHEMA, "foglight": __version__, "groups": described}
    header = json.dumps(said, separators=(",", ":")).encode()
    body = b"".join(entry for group in groups for entry in group.entries.values())
    digest = hashlib.sha256(header).digest()
    start = _START.pack(_MAGIC, len(header), len(body), digest)
    file.write(start + struct.pack("<I", zlib.crc32(start)) + header)
    file.write(body)
    file.flush()
    os.fsync(file.fileno())
    file.write(_END + digest[:8])
    file.flush()
    os.fsync(file.fileno())


def read(path: Path) -> tuple[IO[bytes], Content]:
    """The open file and its content. Raises StateError if it cannot be read."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise StateError(
            f"{path} cannot be read: {error.strerror}. Expected a file that fog.save_many wrote. Check the path.",
            field=str(path),
        ) from error
    try:
        return file, scan(file, path)
    except BaseException:
        file.close()
        raise


def scan(file: IO[bytes], path: Path) -> Content:
    """The content of a file, without its entries. Raises StateError for a file of another kind, and where a header is
    altered: what comes after it cannot be found."""
    size, at = os.fstat(file.fileno()).st_size, 0
    positions: dict[str, Position] = {}
    while at < size:
        file.seek(at)
        start = file.read(_FIRST)
        if at and (len(start) < _FIRST or not start.strip(b"\0")):
            return Content(positions, at, True)
        if len(start) < _FIRST or start[_START.size :] != struct.pack("<I", zlib.crc32(start[: _START.size])):
            raise _altered(path, at, "is not the start of a save")
        _, length, entries, digest = _START.unpack(start[: _START.size])
        first = at + _FIRST + length
        end = first + entries + _TAIL
        if end > size:
            return Content(positions, at, True)
        header = file.read(length)
        file.seek(first + entries)
        if file.read(_TAIL) != _END + digest[:8]:
            if end == size:
                return Content(positions, at, True)
            raise _altered(path, at, "has no end")
        if hashlib.sha256(header).digest() != digest:
            raise _altered(path, at, "has a header that is not as it was written")
        positions.update(_positions(header, path, first))
        at = end
    return Content(positions, at, False)


def _positions(header: bytes, path: Path, at: int) -> Iterator[tuple[str, Position]]:
    said = json.loads(header)
    if said["schema"] > SCHEMA:
        raise StateError(
            f"{path} has schema {said['schema']}, and this is Foglight {__version__}, which reads up to {SCHEMA}. "
            "Update Foglight.",
            field="schema", value=said["schema"],
        )  # fmt: skip
    for group in said["groups"]:
        about = {name: group[name] for name in group if name not in ("names", "sizes", "checks")}
        for name, size, check in zip(group["names"], group["sizes"], group["checks"], strict=True):
            yield name, Position(at, size, check, about)
            at += size


def entry_at(file: IO[bytes], name: str, position: Position, path: Path) -> bytes:
    """The bytes of an entry. Raises StateError if they are not as they were written."""
    file.seek(position.at)
    found = file.read(position.size)
    if len(found) != position.size or zlib.crc32(found) != position.check:
        raise StateError(
            f"{path}: the entry of {name!r} is altered: its checksum is not the one in the header. Expected it as "
            f"fog.save_many wrote it. Leave it out with names=, and start {name!r} again with fog.online; or take the "
            "file from a backup.",
            field=name,
        )
    return found


def _altered(path: Path, at: int, what: str) -> StateError:
    return StateError(
        f"{path}: byte {at} {what}. Expected a file that fog.save_many wrote, unchanged. Take it from a backup, or "
        "start the filters again with fog.online.",
        field=str(path), value=at,
    )  # fmt: skip


@contextmanager
def _locked(file: IO[bytes], path: Path) -> Iterator[None]:
    """Keep out other processes that save to the file, where the system can."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StateError(
            f"{path} is being written by another process: expected one at a time. Save to a file for each process.",
            field=str(path),
        ) from None
    yield
