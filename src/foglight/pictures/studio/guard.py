"""Who may speak to a server on this computer: the page that it served itself, and no other.

A page of another site, open in the same browser, can reach every port of the computer. So the server listens on the
loopback interface only, answers only under its own name (against a foreign name that leads to 127.0.0.1: DNS
rebinding), takes writes and sockets only from its own page (Origin), and asks for a token that is new at every start.
No cookie holds the token: a browser would send it to every other port of this computer as well.
"""

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

HOSTS = ("127.0.0.1", "localhost")
TOKEN = b"x-foglight-token"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def new_token() -> str:
    """A token that cannot be guessed: 256 random bits."""
    return secrets.token_urlsafe(32)


class Guard:
    """An application behind these checks. port: the one it listens on."""

    def __init__(self, app: App, port: int, token: str) -> None:
        self.app = app
        self.token = token
        self.hosts = {f"{host}:{port}" for host in HOSTS}
        self.origins = {f"http://{host}" for host in self.hosts}
        sockets = " ".join(sorted(f"ws://{host}" for host in self.hosts))
        self._headers = [
            (name.encode(), text.encode())
            for name, text in {
                "content-security-policy": (
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                    f"connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
                ),
                "x-content-type-options": "nosniff",
                "referrer-policy": "no-referrer",
                "cross-origin-opener-policy": "same-origin",
                "cross-origin-resource-policy": "same-origin",
                "cache-control": "no-store",
            }.items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal:
            await self._refuse(scope, send, refusal)
            return

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        await self.app(scope, receive, with_headers)

    def refusal(self, scope: Scope) -> str:
        """Why a request is refused, as a sentence; "" if it is not. A socket says its token in its first message."""
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        hosts = [value for name, value in headers if name == b"host"]
        origins = [value for name, value in headers if name == b"origin"]
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return "This studio answers only under its own address. Open the URL that it printed."
        writes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        if (writes and not origins) or any(origin not in self.origins for origin in origins):
            return "This studio listens only to its own page. Open the URL that it printed."
        if scope["type"] == "http" and (writes or scope["path"] == "/"):
            given = [value for name, value in headers if name == TOKEN] if writes else _in_query(scope)
            if not any(map(self.knows, given)):
                return "The token of this studio is missing or wrong. Open the URL that it printed when it started."
        return ""

    def knows(self, token: Any) -> bool:
        """Whether this is the token, in a time that does not depend on where it differs."""
        return isinstance(token, str) and secrets.compare_digest(token.encode(), self.token.encode())

    async def _refuse(self, scope: Scope, send: Send, sentence: str) -> None:
        kind = "http.response"
        if scope["type"] == "websocket":
            kind = "websocket.http.response"
            if kind not in scope.get("extensions", {}):
                await send({"type": "websocket.close", "code": 1008, "reason": sentence})
                return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), *self._headers]
        await send({"type": f"{kind}.start", "status": 403, "headers": headers})
        await send({"type": f"{kind}.body", "body": sentence.encode()})


def _in_query(scope: Scope) -> list[str]:
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
