"""An output that is written over several runs, however they end: OUT.part and OUT.checkpoint, until it is complete.

Rows are appended to OUT.part and synced; then the checkpoint records how many of its bytes are valid, and the state of
the filter at that point. A process that is killed leaves both. The next one truncates OUT.part to those bytes and
continues. The checkpoint also records the log, the model, the options and the release, since an output must not be
continued with others.
"""

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import foglight as fog
from foglight.core.atomic_file import beside, is_stream, new_file, refusing, settle, take_over, target_of

BLOCK = 1 << 20

Note = Callable[[str], None]
FORMAT = 1
LARGEST = 64 << 20  # bytes; a larger file is not a checkpoint


def part_of(out: Path) -> Path:
    """The file with the rows of an output until it is complete."""
    return beside(target_of(out), ".part")


def checkpoint_of(out: Path) -> Path:
    """The file with the checkpoint of an output."""
    return beside(target_of(out), ".checkpoint")


class Unfinished:
    """An unfinished output. Use as a context; `open` first, then `append` and `commit`, and `finish` at the end.

    identity: plain data that must be equal for the output to be continued. note: receives a sentence for the user.
    """

    def __init__(self, out: Path, identity: Mapping[str, Mapping[str, Any]], note: Note) -> None:
        if is_stream(out):
            raise fog.DataError(
                f"cannot resume {out}: it is not a regular file. Write to one, or leave out --resume.",
                field=str(out),
            )
        self.out = target_of(out)
        self.part = part_of(out)
        self.checkpoint = checkpoint_of(out)
        self._identity = identity
        self._note = note
        self._file: BinaryIO | None = None
        self._crc = 0
        self.complete = False  # whether there is nothing left to append

    def __enter__(self) -> "Unfinished":
        return self

    def __exit__(self, *reason: object) -> None:
        self._close()

    def open(self) -> dict[str, Any] | None:
        """The state of the last commit, with OUT.part truncated to it; None to start from the first row.

        Raises StateError if log, model, options or release differ, or another process is writing the output.
        """
        existed = self.part.exists()
        with refusing(self.part):
            private = self.out.exists() and not existed  # until it has the mode of OUT
            self._file = os.fdopen(
                os.open(self.part, os.O_RDWR | os.O_CREAT, 0o600 if private else 0o666), "r+b"
            )
            if not existed:
                take_over(self._file.fileno(), self.out)
            self._lock(self._file)
            try:
                kept = self._kept()
            except fog.StateError:
                if not existed:
                    self._remove_part()
                raise
            if kept is not None and kept["done"] and not existed and self._holds(self.out, kept):
                self._remove_part()
                self.complete = True
                return dict(kept["state"])
            if kept is not None and not self._holds(self.part, kept):
                self._note(f"{self.part} does not match {self.checkpoint.name}: starting over.")
                kept = None
            if kept is None:
                self.checkpoint.unlink(missing_ok=True)
                self._file.truncate(0)
                return None
            self._crc, self.complete = kept["crc32"], kept["done"]
            self._file.truncate(kept["bytes"])
            self._file.seek(0, os.SEEK_END)
            state: dict[str, Any] = kept["state"]
            return state

    @property
    def begun(self) -> bool:
        """Whether anything was appended."""
        return self._file is not None and self._file.tell() > 0

    def append(self, data: bytes) -> None:
        """Append to the output; the data is on the disk only after the next commit."""
        assert self._file is not None
        with refusing(self.part):
            self._file.write(data)
        self._crc = zlib.crc32(data, self._crc)

    def commit(self, state: Mapping[str, Any], done: bool = False) -> None:
        """Put everything appended on the disk, and then the state that belongs to it."""
        assert self._file is not None
        with refusing(self.part):
            self._file.flush()
            os.fsync(self._file.fileno())
            content = {
                **self._identity,
                "bytes": self._file.tell(),
                "crc32": self._crc,
                "done": done,
                "state": state,
            }
            write_checkpoint(self.checkpoint, content, like=self.part)

    def finish(self) -> None:
        """OUT is complete: rename OUT.part to OUT, and remove the checkpoint."""
        with refusing(self.out):
            self._close()
            if self.part.exists():
                self.part.replace(self.out)
                settle(self.out.parent)
            self.checkpoint.unlink(missing_ok=True)
            settle(self.out.parent)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _remove_part(self) -> None:
        self._close()
        self.part.unlink()

    def _kept(self) -> dict[str, Any] | None:
        if not self.checkpoint.exists():
            return None
        kept = read_checkpoint(self.checkpoint)
        if kept is None or not _is_whole(kept, self._identity):
            self._note(f"{self.checkpoint} is damaged: starting over.")
            return None
        for what, mine in self._identity.items():
            theirs = kept[what]
            changed = [key for key in mine if mine[key] != theirs.get(key)]
            if changed:
                key = changed[0]
                raise fog.StateError(
                    f"{self.checkpoint} belongs to another {what}: {key} is {mine[key]}, and was {theirs.get(key)}. "
                    "Expected the same log, model, method and options. Delete the checkpoint to start over.",
                    field=key,
                    value=mine[key],
                )
        return kept

    def _holds(self, path: Path, kept: Mapping[str, Any]) -> bool:
        """Whether a file begins with the bytes that were committed."""
        if not path.exists() or path.stat().st_size < kept["bytes"]:
            return False
        crc, left = 0, kept["bytes"]
        with path.open("rb") as file:
            while left and (block := file.read(min(left, BLOCK))):
                crc, left = zlib.crc32(block, crc), left - len(block)
        return bool(left == 0 and crc == kept["crc32"])

    def _lock(self, file: BinaryIO) -> None:
        """Allow one process at a time; the system releases the lock when the process ends, however it ends."""
        try:
            import fcntl
        except ImportError:  # a system without file locks
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise fog.StateError(
                f"{self.part} is being written by another process: expected one at a time. Wait until it has ended.",
                field=str(self.part),
            ) from None
        except OSError:  # a file system without such locks
            return


def _is_whole(kept: Any, identity: Mapping[str, Any]) -> bool:
    """Whether a checkpoint has all its entries, each of the right type."""
    types = {**dict.fromkeys(identity, dict), "bytes": int, "crc32": int, "done": bool, "state": dict}
    if not isinstance(kept, dict):
        return False
    return all(type(kept.get(name)) is kind for name, kind in types.items()) and kept["bytes"] >= 0


def write_checkpoint(path: Path, content: Mapping[str, Any], like: Path | None = None) -> None:
    """Write the content (plain data) to the checkpoint file and sync it to the disk. like: whose mode a new one has."""
    text = _canonical(content)
    whole = {"format": FORMAT, "sha256": _digest(text), "content": content}
    new = beside(path, ".new")
    with new_file(new, False, path if like is None else like) as file:
        json.dump(whole, file, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    settle(path.parent)


def read_checkpoint(path: Path) -> dict[str, Any] | None:
    """The content, or None if the file is damaged: truncated, changed by a bit, or written by another program.

    The file is JSON: the content, and the SHA-256 of its text. It is written under another name, synced and renamed,
    so that a process or a machine that stops at any moment leaves either the old content or the new.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        whole: dict[str, Any] = json.loads(raw.decode("utf-8")) if len(raw) <= LARGEST else {}
        if whole["format"] != FORMAT or whole["sha256"] != _digest(_canonical(whole["content"])):
            return None
        content: dict[str, Any] = whole["content"]
        return content
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, allow_nan=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
