"""The settings of a studio, and the way back to earlier ones."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from foglight.methods.method import Method
from foglight.model.model import Model

MOST = 200  # settings to go back to


@dataclass(frozen=True)
class Settings:
    """What a move changes. missing: {sensor: the row from which on its readings are left out}."""

    model: Model
    method: Method
    missing: Mapping[str, int] = field(default_factory=dict)


class History:
    """Settings with undo and redo. The moves of a slider that is held are one entry."""

    def __init__(self, first: Settings) -> None:
        self.now = first
        self._before: deque[Settings] = deque(maxlen=MOST)
        self._after: list[Settings] = []
        self._held: str | None = None

    def add(self, settings: Settings, held: str | None = None) -> None:
        """Go on to these settings. held: the slider that moves and is not yet released; None for a whole move."""
        if self._held is None or self._held != held:
            self._before.append(self.now)
        self._after.clear()
        self.now, self._held = settings, held

    def release(self) -> None:
        """The slider that was held is released: what moves next is an entry of its own."""
        self._held = None

    @property
    def back(self) -> Settings | None:
        """The settings before these; None at the first."""
        return self._before[-1] if self._before else None

    @property
    def forth(self) -> Settings | None:
        """The settings that were undone last."""
        return self._after[-1] if self._after else None

    def undo(self) -> None:
        """Go back to `back`."""
        self._after.append(self.now)
        self.now, self._held = self._before.pop(), None

    def redo(self) -> None:
        """Go on to `forth`."""
        self._before.append(self.now)
        self.now, self._held = self._after.pop(), None
