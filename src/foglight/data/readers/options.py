"""The options for reading a table: which columns hold time, tracks and sensors, and which hold measurements."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from foglight.core import timestamps
from foglight.core.checks import is_number
from foglight.core.errors import DataError, TimeError
from foglight.core.text import LONGEST_SHOWN, listed, shown
from foglight.data.controls import Hold, hold_policy

REPEATS = ("keep", "skip")


@dataclass(frozen=True)
class Reading:
    """Options for reading, checked by `reading`.

    rename: {name in the table: name}; all other options use the new names. wraps: nanoseconds after which a counter
    starts again, or None.
    """

    dt: float | None = None
    time: str = "time"
    unit: str = "s"
    track: str | None = None
    sensor: str | None = None
    ignore: frozenset[str] = frozenset()
    repeats: str = "keep"
    hold: Hold = False
    wraps: int | None = None
    rename: Mapping[str, str] = field(default_factory=dict)

    @property
    def roles(self) -> tuple[str, ...]:
        """The columns that hold time, tracks and sensors, as far as there are such columns."""
        time = self.time if self.dt is None else None
        return tuple(name for name in (time, self.track, self.sensor) if name is not None)

    @property
    def sought(self) -> tuple[str, ...]:
        """Those of the roles whose column may be in the index of a dataframe, since no other is renamed to it."""
        return tuple(name for name in self.roles if name not in self.rename.values())

    def renamed(self, names: Sequence[str], source: str) -> dict[str, str]:
        """{name in the table: new name} of all columns, in order. Raises DataError if one to be renamed is absent."""
        for old in self.rename:
            if old not in names:
                raise DataError(
                    f"{source} has no column {shown(old)}, which rename= renames: found {listed(names)}. Correct it.",
                    field=old[:LONGEST_SHOWN],
                    value=names,
                )
        self._distinct(names, source)
        found = {name: self.rename.get(name, name) for name in names}
        self._distinct(list(found.values()), source)
        return found

    def ignores(self, name: str) -> bool:
        """Whether a column is left out; * in `ignore` stands for any text."""
        patterns = (re.escape(pattern).replace(r"\*", ".*") for pattern in self.ignore)
        return any(re.fullmatch(pattern, name, re.DOTALL) for pattern in patterns)

    def values(self, names: Sequence[str], source: str) -> list[str]:
        """The columns of measurements among all columns. Raises DataError if the roles do not fit the names."""
        self._distinct(names, source)
        if self.dt is None:
            self._has(
                names,
                self.time,
                "time",
                "Name the time column with time=, or give the step with dt=.",
                source,
            )
        elif self.time in names and not self.ignores(self.time):
            raise DataError(
                f"{source} has a column {self.time!r}, and dt= was given: expected one clock. "
                f"Drop dt=, or leave the column out with ignore=.",
                field=self.time,
                value=self.dt,
            )
        for role, column in (("track", self.track), ("sensor", self.sensor)):
            if column is not None:
                self._has(names, column, role, f"Name the column with {role}=, or drop {role}=.", source)
        roles = {self.time, self.track, self.sensor}
        values = [name for name in names if name not in roles and not self.ignores(name)]
        if not values:
            raise DataError(
                f"{source} has no column of measurements: expected at least one beside {self.time!r}. "
                f"Check ignore= and the header.",
                field=source,
            )
        for name, column, holds in (("time", self.time, "stamps"), ("track", self.track, "tracks")):
            if name in values and column is not None:
                raise DataError(
                    f"{source}: the column {name!r} cannot be a measurement if {column!r} holds the {holds}. "
                    f"Leave it out with ignore=[{name!r}].",
                    field=name,
                )
        return values

    @staticmethod
    def _distinct(names: Sequence[str], source: str) -> None:
        """DataError if two columns have one name."""
        known: set[str] = set()
        for index, name in enumerate(names):
            if name in known:
                raise DataError(
                    f"{source}: two columns are called {shown(name)}: expected one of each. Rename or drop one.",
                    field=name[:LONGEST_SHOWN],
                    index=index,
                    value=name,
                )
            known.add(name)

    def _has(self, names: Sequence[str], name: str, role: str, remedy: str, source: str) -> None:
        if self.ignores(name):
            raise DataError(
                f"{source}: the column {name!r} is ignored, but holds the {role}. "
                f"{'Give the step with dt=, or take' if role == 'time' else 'Take'} it out of ignore=.",
                field=name,
            )
        if name not in names:
            raise DataError(
                f"{source} has no column {name!r}: found {listed(names)}. {remedy}", field=name, value=names
            )


def reading(
    *,
    dt: float | None = None,
    time: str = "time",
    unit: str = "s",
    track: str | None = None,
    sensor: str | None = None,
    ignore: Collection[str] = (),
    repeats: str = "keep",
    hold: Hold = False,
    wraps: float | None = None,
    rename: Mapping[str, str] | None = None,
) -> Reading:
    """The options, checked without the table. With dt, row k is at time k·dt, and unit and wraps have no effect."""
    per = timestamps.unit_of(unit)
    if dt is not None:
        timestamps.regular(1, dt)
    if dt is not None and track is not None:
        raise DataError(
            f"dt = {dt!r} and track = {track!r}: expected a time column if tracks follow one another. "
            "Write the time of each row into the table.",
            field="dt",
            value=dt,
        )
    roles = [name for name in (time if dt is None else None, track, sensor) if name is not None]
    for name in roles:
        if roles.count(name) > 1:
            raise DataError(
                f"the column {name!r} has two of the roles time, track and sensor: expected one. "
                "Name another column for one of them.",
                field=name,
            )
    return Reading(
        dt=dt,
        time=time,
        unit=unit,
        track=track,
        sensor=sensor,
        ignore=_names(ignore),
        repeats=repeat_policy(repeats),
        hold=hold_policy(hold),
        wraps=None if wraps is None else _wraps(wraps, per),
        rename=_renaming({} if rename is None else rename),
    )


def check_sortable(chosen: Reading) -> None:
    """DataError for options with which rows cannot be sorted."""
    if chosen.wraps is not None:
        raise DataError(
            "sort=True and wraps= were given: a counter that wraps does not give the order of unsorted rows. "
            "Sort the rows first.",
            field="sort",
            value=True,
        )


def _names(ignore: Any) -> frozenset[str]:
    names = (ignore,) if isinstance(ignore, str) else ignore
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise DataError.expected("ignore", ignore, "names of columns", "Write ignore=['note'].")
    return frozenset(names)


def _renaming(rename: Any) -> dict[str, str]:
    if not isinstance(rename, Mapping) or not all(
        isinstance(name, str) for name in (*rename, *rename.values())
    ):
        raise DataError.expected(
            "rename", rename, "{name in the table: new name}", "Write rename={'pose.x': 'gps.x'}."
        )
    return dict(rename)


def repeat_policy(repeats: Any) -> str:
    """ "keep" or "skip"."""
    if repeats not in REPEATS:
        raise DataError.expected(
            "repeats", repeats, "'keep' or 'skip'", "Write repeats='skip' if a sensor repeats its readings."
        )
    return str(repeats)


def _wraps(wraps: Any, per: int) -> int:
    whole = is_number(wraps) and wraps == wraps // 1 and wraps >= 2
    if not whole or int(wraps) * per > timestamps.LAST_SECOND * timestamps.NS:
        raise TimeError.expected(
            "wraps",
            wraps,
            "the whole number of units after which the counter starts again at 0, within 292 years",
            "Write wraps=2**32 for a counter of 32 bits.",
        )
    return int(wraps) * per
