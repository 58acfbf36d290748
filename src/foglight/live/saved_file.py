"""A live filter on disk: one file of data, whole or not there, with the one before it kept beside it.

Two lines of text. The first says what the file is: its schema, and the length and SHA-256 of all that it means. The
second is the filter as JSON, every number in hexadecimal, so that none loses a bit. The rows of the history are
stored as they came, with the carry before the first: the scan makes the rest again.
"""

import hashlib
import json
import os
import warnings
from pathlib import Path
from typing import Any

from foglight import __version__
from foglight.core.atomic_file import is_stream, whole_file
from foglight.core.errors import ModelError, NumericalError, StateError
from foglight.live.filter import Live
from foglight.live.saved_state import as_data, as_filter
from foglight.model.model import Model

KIND = "foglight live filter"
SCHEMA = 1  # a file of an older one is still read; a file of a newer one is not
LARGEST = 1 << 28  # bytes; a history of a hundred thousand rows is a tenth of it
LONGEST_HEADER = 512
PREVIOUS = ".previous"


def write(live: Live, path: Path) -> None:
    """The filter as a file, on the disk once this returns; what was there before becomes `path`.previous."""
    place = path.resolve()
    text = encoded(live)
    with whole_file(place) as file:
        file.write(text)
        file.flush()
        if not is_stream(place):
            os.fsync(file.fileno())
            if place.is_file():
                _keep(place)


def restore(path: str | Path, model: Model) -> Live:
    """The filter that `live.save(path)` wrote, for the model that it was made with: it goes on with the same bits.

    Where the newest file is damaged or missing, the one before it is read, with a warning that says so.
    Raises StateError where neither can be read, for a file of a newer release, and for a filter of another model.

    >>> live.save("radar.live")
    >>> live = fog.restore("radar.live", model)
    """
    if not isinstance(model, Model):
        raise ModelError(
            f"model = {model!r}: expected a fog.Model. Build the model that the filter was made with.",
            field="model", value=model,
        )  # fmt: skip
    place = Path(path).resolve()
    try:
        return decoded(_read(place), model, place)
    except _DamagedError as damage:
        before = place.with_name(place.name + PREVIOUS)
        try:
            live = decoded(_read(before), model, before)
        except _DamagedError as also:
            raise StateError(
                f"{damage}, and {also}. Expected a file that live.save wrote. Start again with fog.online.",
                field=str(path), value=str(damage),
            ) from None  # fmt: skip
        when = "before its first row" if live.time is None else f"at t = {live.time:.9g} s"
        warnings.warn(
            f"{damage}. Restored the file before it, {before.name}: row {live.rows}, {when}.", stacklevel=2
        )
        return live


def encoded(live: Live) -> str:
    """The two lines of the file."""
    body = json.dumps(as_data(live), separators=(",", ":"), allow_nan=False)
    header = {"kind": KIND, "schema": SCHEMA, "bytes": len(body), "sha256": _digest(SCHEMA, body.encode())}
    return json.dumps(header) + "\n" + body + "\n"


def decoded(data: bytes, model: Model, path: Path) -> Live:
    """The filter that these bytes are. Raises _DamagedError where they are not what was written."""
    first, _, rest = data.partition(b"\n")
    header = _json(first, path) if len(first) <= LONGEST_HEADER else None
    if not isinstance(header, dict) or header.get("kind") != KIND:
        raise _DamagedError(f"{path} is no saved filter")
    schema, size, digest = (header.get(name) for name in ("schema", "bytes", "sha256"))
    if type(schema) is not int or type(size) is not int:
        raise _DamagedError(f"{path} is no saved filter")
    if len(rest) != size + 1 or not rest.endswith(b"\n"):
        raise _DamagedError(f"{path} is incomplete: {len(rest)} bytes after its first line, not {size + 1}")
    body = rest[:-1]
    if _digest(schema, body) != digest:
        raise _DamagedError(f"{path} is altered: its content has another SHA-256 than it says")
    if schema > SCHEMA:
        raise StateError(
            f"{path} has schema {schema}, and this is Foglight {__version__}, which reads up to {SCHEMA}. "
            "Update Foglight.",
            field="schema", value=schema,
        )  # fmt: skip
    try:
        return as_filter(_json(body, path), model, path)
    except StateError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, NumericalError) as error:
        raise StateError(
            f"{path} is a saved filter with a content that no filter writes ({type(error).__name__}: {error}). "
            "Expected a file that live.save wrote. Start again with fog.online.",
            field=str(path), value=str(error),
        ) from error  # fmt: skip


class _DamagedError(Exception):
    """A file that is not what was written: the one before it may be."""


def _digest(schema: int, body: bytes) -> str:
    return hashlib.sha256(f"{KIND} {schema} {len(body)}\n".encode() + body).hexdigest()


def _json(text: bytes, path: Path) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _DamagedError(f"{path} is no saved filter") from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise _DamagedError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise _DamagedError(f"{path} is larger than {LARGEST} bytes")
    return data


def _keep(place: Path) -> None:
    """The file that is there, under the name of the one before; it stays where it is, too."""
    before = place.with_name(place.name + PREVIOUS)
    link = place.with_name(f".{before.name}.{os.getpid()}.part")
    try:
        link.unlink(missing_ok=True)
        os.link(place, link)
        link.replace(before)
    except OSError:  # a file system without links
        with whole_file(before) as file:
            file.write(place.read_text(encoding="utf-8"))
    finally:
        link.unlink(missing_ok=True)
