"""Messages to one tab: of drawings only the latest waits, so that a slow tab holds nothing up and no memory grows."""

import asyncio
import json
from typing import Any

_MOST = 64  # messages that wait, of all kinds
_LATEST = ("page", "progress")


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

    async def get(self) -> str:
        """The next message as JSON, once there is one."""
        await self._some.wait()
        message = self._waiting.pop(0)
        if not self._waiting:
            self._some.clear()
        return json.dumps(message, allow_nan=False, separators=(",", ":"))
