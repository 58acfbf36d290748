"""The server of the studio: the page, its socket and its uploads, on the loopback interface only."""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from foglight.core.errors import DataError, FoglightError
from foglight.pictures.report.html import bundle
from foglight.pictures.studio.dropped_log import check_size, suffix_of
from foglight.pictures.studio.given import Given
from foglight.pictures.studio.guard import HOSTS, Guard, new_token
from foglight.pictures.studio.live_session import LiveSession
from foglight.pictures.studio.messages import LONGEST, read_message
from foglight.pictures.studio.outbox import Outbox

_MORE_PORTS = 50  # to try after one that is in use
_GRACE = 3.0  # seconds without a tab after which the server ends: a reload takes less
_HELLO = 10.0  # seconds that a socket has to say its token
_SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Foglight studio</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<script defer src="/page.js"></script>
</head>
<body>
<div id="studio">
<noscript>The studio draws its pictures with a script of its own. Allow scripts to see it.</noscript>
</div>
</body>
</html>
"""


class Studio:
    """A server that is not yet running. url: where its page is, with the token."""

    def __init__(self, given: Given, port: int, *, stay: bool = False, grace: float = _GRACE) -> None:
        need_packages()
        self.live = LiveSession(given)
        self.token = new_token()
        self.socket = bound(port)
        self.port: int = self.socket.getsockname()[1]
        self.url = f"http://{HOSTS[0]}:{self.port}/?token={self.token}"
        self._stay, self._grace = stay, grace
        self._end: Callable[[], None] = lambda: None
        self._waiting: asyncio.TimerHandle | None = None
        self._open = 0  # tabs

    def run(self) -> None:
        """Serve until Ctrl-C, or until the last tab has been closed."""
        import uvicorn

        config = uvicorn.Config(
            self.application(), log_level="error", lifespan="on", ws="websockets-sansio", ws_max_size=LONGEST,
            ws_per_message_deflate=False, timeout_graceful_shutdown=2, server_header=False,
        )  # fmt: skip
        server = uvicorn.Server(config)

        def end() -> None:
            server.should_exit = True

        self._end = end
        with suppress(KeyboardInterrupt):
            server.run(sockets=[self.socket])
        self.live.cancel()

    def application(self) -> Any:
        """The routes, behind the guard."""
        from starlette.applications import Starlette
        from starlette.responses import HTMLResponse, PlainTextResponse, Response
        from starlette.routing import Route, WebSocketRoute

        async def page(request: Any) -> Response:
            return HTMLResponse(_SHELL)

        async def script(request: Any) -> Response:
            return Response(bundle("page.js"), media_type="text/javascript")

        async def style(request: Any) -> Response:
            return Response(bundle("page.css"), media_type="text/css")

        async def log(request: Any) -> Response:
            try:
                name = unquote(request.headers.get("x-file-name", ""))
                suffix_of(name)
                await self.live.take_log(name, await _body(request))
            except FoglightError as error:
                return PlainTextResponse(str(error), status_code=400)
            return PlainTextResponse("")

        async def unknown(request: Any, error: Exception) -> Response:
            return PlainTextResponse(
                "There is nothing here. Open the URL that the studio printed.", status_code=404
            )

        @asynccontextmanager
        async def lifespan(app: Any) -> AsyncIterator[None]:
            yield
            self.live.cancel()

        routes = [
            Route("/", page),
            Route("/page.js", script),
            Route("/page.css", style),
            Route("/log", log, methods=["POST"]),
            WebSocketRoute("/live", self._talk),
        ]
        self._guard = Guard(
            Starlette(routes=routes, exception_handlers={404: unknown}, lifespan=lifespan),
            self.port,
            self.token,
        )
        return self._guard

    async def _talk(self, tab: Any) -> None:
        """One tab, from its token to its end."""
        from starlette.websockets import WebSocketDisconnect

        await tab.accept()
        outbox = Outbox()
        try:
            if not self._guard.knows(read_message(await asyncio.wait_for(_text(tab), _HELLO)).get("token")):
                await tab.close(4403, "The token is missing or wrong. Open the URL that the studio printed.")
                return
            self._came()
            sender = asyncio.create_task(_send_all(tab, outbox))
            try:
                await self.live.greet(outbox)
                while True:
                    await self.live.follow(await _text(tab), outbox)
            finally:
                sender.cancel()
                self.live.tabs.discard(outbox)
                self._left()
        except WebSocketDisconnect:
            return
        except (TimeoutError, FoglightError):
            await tab.close(
                4403, "The first message was not the token. Open the URL that the studio printed."
            )

    def _came(self) -> None:
        self._open += 1
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _left(self) -> None:
        """After the last tab, wait a moment for one that is reloaded, and end."""
        self._open -= 1
        if not self._open and not self._stay:
            self._waiting = asyncio.get_running_loop().call_later(self._grace, self._end)


async def _text(tab: Any) -> str:
    """The next message, which must be text."""
    from starlette.websockets import WebSocketDisconnect

    message = await tab.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    return message.get("text") or ""


async def _send_all(tab: Any, outbox: Outbox) -> None:
    with suppress(RuntimeError, OSError):  # the tab has gone; its receiver notices
        while True:
            message = await outbox.get()
            await (tab.send_text(message) if isinstance(message, str) else tab.send_bytes(message))


async def _body(request: Any) -> bytes:
    """The bytes of an upload, refused as soon as they are too many."""
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit():
        check_size(int(said))
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        check_size(size)
        parts.append(part)
    return b"".join(parts)


def bound(port: int) -> socket.socket:
    """A socket on the loopback interface, at this port or the next one that is free. DataError if none is."""
    for number in range(port, min(port + _MORE_PORTS, 65_535) + 1):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere this would let two programs listen at one port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((HOSTS[0], number))
            made.listen()
        except OSError as error:
            made.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            continue
        return made
    raise DataError.expected(
        "port", port, f"a free port up to {port + _MORE_PORTS}", "Choose another with --port."
    )


def need_packages() -> None:
    """FoglightError that names the extra, if what serves the page is not installed."""
    try:
        for name in ("starlette", "uvicorn", "websockets"):
            import_module(name)
    except ImportError as error:
        raise FoglightError(
            f"foglight studio needs {error.name}, which is not installed: expected the extra studio. Run pip install "
            "'foglight[studio]'.",
            field=error.name,
        ) from error
