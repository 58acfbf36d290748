"""A session that several tabs share: one message at a time, a page to every tab after a change, and auto-tune."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.errors import FoglightError, StateError
from foglight.core.types import Floats
from foglight.pictures.studio.auto_tune import AutoTune, found
from foglight.pictures.studio.dropped_log import log_of
from foglight.pictures.studio.given import Given
from foglight.pictures.studio.messages import Desk, Message, read_message, said
from foglight.pictures.studio.outbox import Outbox
from foglight.pictures.studio.page import page_of
from foglight.pictures.studio.session import Session
from foglight.tuning.fit import Fit

_TICK = 0.1  # seconds between reports of progress
_REST = 0.2  # seconds without a move after which the whole page is drawn
_STEPS = 16  # pictures on the way to fitted values
_QUICK = 20_000  # rows up to which there are such pictures


class LiveSession:
    """A session, and the tabs that look at it."""

    def __init__(self, given: Given) -> None:
        self.session = Session(given)
        self.tabs: set[Outbox] = set()
        self._desk = Desk(self.session)
        self._lock = asyncio.Lock()
        self._search: AutoTune | None = None
        self._task: asyncio.Task[None] | None = None
        self._rest: asyncio.Task[None] | None = None  # draws what is out of sight

    async def follow(self, text: str, tab: Outbox) -> None:
        """Follow one message of a tab, and answer it. `n` of the message comes back, so that the tab can go on."""
        message: Message = {}
        try:
            message = read_message(text)
            if message.get("do") == "tune":
                self._begin()
            elif message.get("do") == "cancel":
                self.cancel()
            else:
                async with self._lock:
                    answer = await asyncio.to_thread(self._desk.follow, message)
                    for reply in answer.replies:
                        tab.put(reply)
                    if answer.changed:
                        await self._draw(answer.view)
                        if answer.view is not None:
                            self._rest = asyncio.create_task(self._draw_rest())
        except FoglightError as error:
            tab.put(said(error))
        tab.put({"is": "done", "n": n if isinstance(n := message.get("n"), int) else None})

    async def greet(self, tab: Outbox) -> None:
        """Send the page to a new tab."""
        async with self._lock:
            tab.put(await asyncio.to_thread(self._page))
        self.tabs.add(tab)

    async def take_log(self, name: str, data: bytes) -> None:
        """Filter a log that was dropped. Its errors are raised, and change nothing."""
        async with self._lock:
            if self._search is not None:
                raise StateError(
                    "a search is under way: expected none. Cancel it, and drop the log again.", field="log"
                )
            await asyncio.to_thread(self._take, name, data)
            await self._draw()

    def cancel(self) -> None:
        """End the search, if there is one."""
        if self._search is not None:
            self._search.cancel()

    def _take(self, name: str, data: bytes) -> None:
        session = self.session
        session.take_log(log_of(name, data, session.given.reading), name)
        self._desk.start_over()

    async def _draw_rest(self) -> None:
        """Send the whole page once the slider is at rest."""
        await asyncio.sleep(_REST)
        async with self._lock:
            await self._draw()

    async def _draw(self, view: Collection[str] | None = None) -> None:
        """Send the page to all tabs; of a view only what is in sight in the tab that moves a slider."""
        if self._rest is not None and self._rest is not asyncio.current_task():
            self._rest.cancel()
        self._rest = None
        self._tell(await asyncio.to_thread(self._page, view))

    def _tell(self, message: dict[str, Any]) -> None:
        for tab in self.tabs:
            tab.put(message)

    def _page(self, view: Collection[str] | None = None) -> dict[str, Any]:
        session = self.session
        return {
            "is": "page",
            "whole": view is None,
            "page": page_of(session, self._desk.row, view),
            "state": {**session.state(), "row": self._desk.row, "tuning": self._search is not None},
        }

    def _begin(self) -> None:
        if self._search is not None:
            raise StateError("a search is under way: expected none. Cancel it first.", field="tune")
        settings, log = self.session.settings, self.session.run.log
        ended, loop = asyncio.Event(), asyncio.get_running_loop()

        def done() -> None:
            loop.call_soon_threadsafe(ended.set)

        self._search = AutoTune(settings.model, log, settings.method, done)
        self._task = asyncio.create_task(self._accompany(self._search, ended))

    async def _accompany(self, search: AutoTune, ended: asyncio.Event) -> None:
        """Report the progress of a search, and at its end its result."""
        while not ended.is_set():
            self._tell({"is": "progress", "rows": search.rows})
            try:
                await asyncio.wait_for(ended.wait(), _TICK)
            except TimeoutError:
                continue
        self._search = None
        if search.fit is None:
            self._tell({"is": "tuned", "error": search.error})
            return
        async with self._lock:
            self._tell({"is": "tuned", **found(search.fit, search.notes, self.session.given.labels)})
            try:
                await self._glide(search.fit)
            except FoglightError as error:
                self._tell(said(error))

    async def _glide(self, fit: Fit) -> None:
        """Go to the fitted values, with pictures on the way there where they are quick to make."""
        session = self.session
        before = session.settings.model
        if len(session.log) <= _QUICK:
            names = list(fit.params)
            first, last = (
                np.array([values[name] for name in names]) for values in (before.parameters, fit.params)
            )
            for step in range(1, _STEPS):
                values = _between(first, last, step / _STEPS)
                model = before.with_parameters(dict(zip(names, values.tolist(), strict=True)))
                await asyncio.to_thread(session.preview, replace(session.settings, model=model))
                await self._draw()
        await asyncio.to_thread(session.adopt, fit)
        await self._draw()


def _between(first: Floats, last: Floats, share: float) -> Floats:
    """Values on the way, on a logarithmic scale where both ends are positive."""
    positive = (first > 0.0) & (last > 0.0)
    straight = first + share * (last - first)
    ends = (np.where(positive, end, 1.0) for end in (first, last))
    low, high = ends
    return np.where(positive, low ** (1.0 - share) * high**share, straight)
