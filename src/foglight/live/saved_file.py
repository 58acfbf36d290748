"""A live filter on disk: one file, written as a whole or not at all, with the previous one kept beside it.

Two lines of text. The first is a header: the schema of the file, and the length and SHA-256 of the second line. The
second is the filter as JSON (`foglight.live.saved_state`).
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from foglight.core.atomic_file import beside, is_stream, target_of, whole_file
from foglight.core.errors import StateError
from foglight.core.version import __version__

KIND = "foglight live filter"
SCHEMA = 2  # a file of an older schema is still read; a file of a newer one is not
LARGEST = 1 << 28  # bytes; a history of a hundred thousand rows takes a tenth of this
LONGEST_HEADER = 512
PREVIOUS = ".previous"


def write(data: Any, path: Path) -> None:
    """Write the data to a file, which is on the disk once this returns; the old file becomes `path`.previous."""
    target = target_of(path)
    text = encoded(data)
    with whole_file(target) as file:
        file.write(text)
        file.flush()
        if not is_stream(target):
            os.fsync(file.fileno())
            if target.is_file():
                _keep(target)


def encoded(data: Any) -> str:
    """The two lines of the file."""
    body = json.dumps(data, separators=(",", ":"), allow_nan=False)
    header = {"kind": KIND, "schema": SCHEMA, "bytes": len(body), "sha256": _digest(SCHEMA, body.encode())}
    return json.dumps(header) + "\n" + body + "\n"


def read(path: Path) -> tuple[Any, int]:
    """The data in the file, and its schema. Raises DamagedError if the file is not as it was written."""
    return decoded(_bytes(path), path)


def decoded(content: bytes, path: Path | str) -> tuple[Any, int]:
    """The data in the bytes of a file, and their schema. Raises DamagedError if they are not as they were written."""
    first, _, rest = content.partition(b"\n")
    header = _json(first, path) if len(first) <= LONGEST_HEADER else None
    if not isinstance(header, dict) or header.get("kind") != KIND:
        raise DamagedError(f"{path} is not a saved filter")
    schema, size, digest = (header.get(name) for name in ("schema", "bytes", "sha256"))
    if type(schema) is not int or type(size) is not int:
        raise DamagedError(f"{path} is not a saved filter")
    if len(rest) != size + 1 or not rest.endswith(b"\n"):
        raise DamagedError(f"{path} is incomplete: {len(rest)} bytes after its first line, not {size + 1}")
    body = rest[:-1]
    if _digest(schema, body) != digest:
        raise DamagedError(f"{path} is altered: the SHA-256 of its content is not the one in its header")
    if schema > SCHEMA:
        raise StateError(
            f"{path} has schema {schema}, and this is Foglight {__version__}, which reads up to {SCHEMA}. "
            "Update Foglight.",
            field="schema", value=schema,
        )  # fmt: skip
    return _json(body, path), schema


class DamagedError(Exception):
    """A file that is not as it was written. The previous one may be intact."""


def _digest(schema: int, body: bytes) -> str:
    return hashlib.sha256(f"{KIND} {schema} {len(body)}\n".encode() + body).hexdigest()


def _json(text: bytes, path: Path | str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{path} is not a saved filter") from error


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise DamagedError(f"{path} is larger than {LARGEST} bytes")
    return data


def _keep(target: Path) -> None:
    """Keep the current file as the previous one; it stays under its own name, too."""
    before = beside(target, PREVIOUS)
    link = beside(before, f".{os.getpid()}.part", hidden=True)
    try:
        link.unlink(missing_ok=True)
        os.link(target, link)
        link.replace(before)
    except OSError:  # a file system without links
        with whole_file(before, like=target) as file:
            file.write(target.read_text(encoding="utf-8"))
    finally:
        link.unlink(missing_ok=True)
