"""Messages to one tab: of drawings only the latest waits, so that a slow tab holds nothing up and no memory grows."""

import asyncio
import json
from typing import Any

_MOST = 64  # messages that wait, of all kinds
_LATEST = ("page", "progress")
_WORD = 8  # bytes, at whose multiples a browser reads numbers without a copy


class Outbox:
    """Messages that wait to be sent, in order."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._some = asyncio.Event()

    def put(self, message: dict[str, Any]) -> None:
        """Let a message wait. An older page that still waits is dropped, and beyond a bound the oldest message."""
        if message["is"] in _LATEST:
            self._waiting = [other for other in self._waiting if other["is"] != message["is"]]
        self._waiting = [*self._waiting, message][-_MOST:]
        self._some.set()

    async def get(self) -> str | bytes:
        """The next message as JSON, once there is one; a page with the bytes of its columns behind it."""
        await self._some.wait()
        message = self._waiting.pop(0)
        if not self._waiting:
            self._some.clear()
        return with_columns(message) if message["is"] == "page" else _text(message)


def with_columns(message: dict[str, Any]) -> bytes:
    """A page as one message of bytes, so that neither side turns its numbers into text and back.

    The length of the text as an unsigned integer of 4 bytes, little-endian; the text, JSON in which each column has
    `at` and `count` instead of `data`; and the columns, each from a multiple of 8 bytes on.
    """
    columns, parts, at = [], [], 0
    for column in message["page"]["columns"]:
        data = column["data"]
        count = len(data) // int(column["type"][1])
        columns.append({"type": column["type"], "offset": column["offset"], "at": at, "count": count})
        parts += [data, bytes(-len(data) % _WORD)]
        at += len(data) + len(parts[-1])
    text = _text({**message, "page": {**message["page"], "columns": columns}}).encode()
    return b"".join([len(text).to_bytes(4, "little"), text, bytes(-(4 + len(text)) % _WORD), *parts])


def _text(message: dict[str, Any]) -> str:
    return json.dumps(message, allow_nan=False, separators=(",", ":"))
