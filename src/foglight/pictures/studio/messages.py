"""What the page says to a session, and what it is answered: messages of JSON, each checked before it is followed."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from foglight.core.errors import DataError, FoglightError
from foglight.core.text import shown
from foglight.pictures.studio.as_python import python_of
from foglight.pictures.studio.row_numbers import row_numbers
from foglight.pictures.studio.saving import save, toml_of
from foglight.pictures.studio.session import Session

LONGEST = 65_536  # bytes of a message
_MOST_NAMES = 100

Message = Mapping[str, Any]


class Answer(NamedTuple):
    """changed: whether the page is to be drawn again.  replies: messages to the tab that asked.

    view: the pictures to draw at once, those in sight while a slider moves; None for all.
    """

    changed: bool
    replies: list[dict[str, Any]]
    view: frozenset[str] | None = None


class Desk:
    """Follows the messages of all tabs. row: the row that was looked at last."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.start_over()
        self._saved: set[Path] = set()
        self._known: dict[str, Callable[[Message], Answer]] = {
            "set": self._set,
            "method": self._method,
            "guard": self._guard,
            "overlay": self._overlay,
            "undo": lambda _: Answer(self.session.undo(), []),
            "redo": lambda _: Answer(self.session.redo(), []),
            "look": self._look,
            "leave out": self._leave_out,
            "save": self._save,
            "toml": self._toml,
            "python": lambda _: Answer(False, [{"is": "python", "text": python_of(self.session)}]),
        }

    def start_over(self) -> None:
        """Look at the first reading, of another log."""
        self.row = _first_reading(self.session)

    def follow(self, message: Message) -> Answer:
        """Do what a message asks for. An error becomes a reply, and nothing is changed."""
        try:
            do = message.get("do")
            if not isinstance(do, str) or do not in self._known:
                raise DataError.expected("do", do, f"one of {', '.join(self._known)}", "Reload the page.")
            return self._known[do](message)
        except FoglightError as error:
            return Answer(False, [said(error)])

    def _set(self, message: Message) -> Answer:
        view = frozenset(_names(message, "view")) if "view" in message else None
        held = message.get("held") is True
        self.session.set(_text(message, "parameter"), _number(message, "value"), held=held)
        return Answer(True, [], view)

    def _method(self, message: Message) -> Answer:
        self.session.set_method(_text(message, "name"))
        return Answer(True, [])

    def _guard(self, message: Message) -> Answer:
        value = None if message.get("value") is None else _number(message, "value")
        self.session.guard(_text(message, "option"), value)
        return Answer(True, [])

    def _overlay(self, message: Message) -> Answer:
        refused = self.session.lay_over(_names(message, "methods"))
        return Answer(True, [{"is": "said", "bad": True, "text": sentence} for sentence in refused])

    def _look(self, message: Message) -> Answer:
        if "time" in message:
            self.row = self.session.row_at(_number(message, "time"))
        else:
            self.row = self.session.checked_row(message.get("row"))
        return Answer(bool(self.session.given.lesson), [self._numbers()])

    def _numbers(self) -> dict[str, Any]:
        return {"is": "row", **row_numbers(self.session.run, self.row)}

    def _leave_out(self, message: Message) -> Answer:
        self.session.leave_out(_text(message, "sensor"), message.get("row"))
        return Answer(True, [])

    def _save(self, message: Message) -> Answer:
        path = save(self.session, _text(message, "name"), self._saved)
        return Answer(
            False, [{"is": "said", "bad": False, "text": f"Saved as {path.name}, beside the model."}]
        )

    def _toml(self, message: Message) -> Answer:
        return Answer(False, [{"is": "toml", "name": "tuned.toml", "text": toml_of(self.session)}])


def read_message(text: str) -> Message:
    """A message from its text. DataError for what is not one."""
    if len(text) > LONGEST:
        raise DataError(f"message: expected at most {LONGEST} characters. Reload the page.", field="message")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise DataError(
            f"message {shown(text)}: expected an object of JSON. Reload the page.", field="message"
        )
    return found


def said(error: FoglightError) -> dict[str, Any]:
    """An error as a reply."""
    return {"is": "said", "bad": True, "text": str(error)}


def _text(message: Message, key: str) -> str:
    value = message.get(key)
    if not isinstance(value, str):
        raise DataError.expected(key, value, "a text", "Reload the page.")
    return value


def _names(message: Message, key: str) -> list[str]:
    value = message.get(key)
    if (
        not isinstance(value, list)
        or len(value) > _MOST_NAMES
        or not all(isinstance(name, str) for name in value)
    ):
        raise DataError.expected(key, value, "a list of names", "Reload the page.")
    return value


def _number(message: Message, key: str) -> float:
    value = message.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError.expected(key, value, "a number", "Write one, such as 0.4.")
    try:
        return float(value)
    except OverflowError:
        raise DataError.expected(
            key, "an integer of many digits", "a finite number", "Write one, such as 0.4."
        ) from None


def _first_reading(session: Session) -> int:
    """The first row after the start that has a reading."""
    used = (session.run.nis == session.run.nis).nonzero()[0]
    return int(used[min(1, len(used) - 1)]) if len(used) else 0
