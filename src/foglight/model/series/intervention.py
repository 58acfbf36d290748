"""Interventions: what happened to a series at a known time, such as a law, a strike or a new price."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.data.interventions import KINDS
from foglight.model.series.choices import choice


@dataclass(frozen=True)
class Intervention:
    """An input of a series that its time determines. Made by `intervention`."""

    name: str
    at: Any  # a row of the track, an int counted from 0, or a time
    kind: str


def intervention(name: str, at: Any, kind: str = "step") -> Intervention:
    """Something that happened to a series at a known time, for the argument `intervention` of `fog.structural`.

    Its coefficient is a constant state of the model, of which nothing is known at the start: by how much a step or a
    pulse changes the series, or a ramp its slope.

    Parameters
    ----------
    name : str
        Name of the state that is its coefficient.
    at : str, date or int
        When it happened: a date such as "1983-02", or the number of the row in its track, counted from 0. A float is a
        time in seconds, as in `log.time`. The row is the first one that is not earlier.
    kind : {"step", "pulse", "ramp"}, default "step"
        Whether the series is changed from that row on, in that row only, or by one more coefficient in each row after
        it.

    Returns
    -------
    Intervention
        A description of the intervention.

    Raises
    ------
    ModelError
        For an invalid name or kind, and for what is neither a row nor a time. A run raises TimeError for a time that
        does not fit the stamps of its log, or is before the first row.

    Notes
    -----
    Harvey 1989, §7.6; Durbin & Koopman 2012, §3.2.5.

    Examples
    --------
    >>> law = fog.intervention("law", at="1983-02")
    >>> fog.structural("drivers", intervention=law).state
    ('level', 'law')
    """
    name = checks.name(name, "name")
    return Intervention(name, _when(at), choice(kind, "kind", KINDS))


def interventions_of(given: Any) -> tuple[Intervention, ...]:
    """The interventions of an argument, one or several."""
    several = given if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    for index, one in enumerate(several):
        if not isinstance(one, Intervention):
            raise ModelError.expected(
                "intervention",
                one,
                "what fog.intervention returns",
                "Write intervention=fog.intervention('law', at='1983-02').",
                index=index,
            )
    return tuple(several)


def _when(at: Any) -> Any:
    """A row as an int, or a time, which the log reads."""
    if checks.is_whole(at) and at < 0:
        raise ModelError.expected("at", at, "a row >= 0, or a date", "Write at=36.")
    if at is None or isinstance(at, bool | np.bool_) or (np.ndim(at) and not isinstance(at, str)):
        raise ModelError.expected("at", at, "a date, or the number of a row", "Write at='1983-02'.")
    return int(at) if checks.is_whole(at) else at
