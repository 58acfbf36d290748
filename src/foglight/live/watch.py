"""A live filter that says which sensor is at fault: beside it runs one filter for each fault."""

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from foglight.core.checks import is_number
from foglight.core.errors import REFUSED, ModelError
from foglight.core.timestamps import time_text
from foglight.core.types import ArrayLike, Floats, Time
from foglight.inference.fault_evidence import RATE, Evidence, Suspects, judged, limit_of
from foglight.inference.fault_hypotheses import Hypothesis, hypotheses, plain
from foglight.inference.fault_kinds import Course
from foglight.live.filter import Live
from foglight.live.online import online
from foglight.live.results import Info
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.model import Model

_KEPT = 1000  # the newest rows since a fault set in, which show its kind
_REFUSED = int(REFUSED)


class _Row(NamedTuple):
    """A row since the CUSUM of a hypothesis was 0: its number, its stamp, the sensor's reading and estimated biases."""

    number: int
    stamp: int
    reading: Floats
    biases: Floats


class _Member:
    """The filter of one hypothesis, and the CUSUM of its log-likelihood ratio."""

    def __init__(self, hypothesis: Hypothesis, live: Live, own: slice) -> None:
        self.hypothesis = hypothesis
        self.live = live
        self.own = own  # the components of its sensor
        self.clear(0.0)

    def clear(self, loglik: float) -> None:
        """Begin anew. loglik: of the filter that it is compared with."""
        self.statistic = 0.0
        self.ratio = self.live.loglik - loglik
        self.first: _Row | None = None
        self.rows: deque[_Row] = deque(maxlen=_KEPT)

    def compare(self, loglik: float, row: _Row, *, counts: bool) -> None:
        """Take in a row, after which the other filter has this log-likelihood. counts: whether both have used it."""
        ratio = self.live.loglik - loglik
        if counts:
            self.statistic = max(0.0, self.statistic + ratio - self.ratio)
        self.ratio = ratio
        if not self.statistic:
            self.first = None
            self.rows.clear()
            return
        self.first = row if self.first is None else self.first
        self.rows.append(row)

    def evidence(self) -> Evidence:
        """What speaks for the hypothesis by now."""
        rows, scale = list(self.rows), self.live.adapted.get(self.hypothesis.subject, 1.0)
        time = np.array([row.stamp for row in rows]) / 1e9
        shape = (len(rows), len(rows[0].reading) if rows else 0)
        readings = np.array([row.reading for row in rows]).reshape(shape)
        biases = np.array([row.biases for row in rows]).reshape(len(rows), len(self.hypothesis.biases))
        number = 0 if self.first is None else self.first.number
        return Evidence(self.hypothesis, self.statistic, number, Course(time, readings, biases, scale))


class Watch:
    """A live filter that says which sensor is at fault. Made by `fog.watch`.

    Attributes
    ----------
    live : Live
        The filter itself: its belief is that of the model, as if nothing were at fault.
    limit : float
        The CUSUM of a log-likelihood ratio from which on there is a suspect.

    Examples
    --------
    >>> watch = fog.watch(model, every=0.1)
    >>> belief, info = watch.step(0.1, "radar", [5.2])
    >>> watch.suspects.sensor is None
    True
    """

    def __init__(
        self, model: Model, method: Method, every: float, rate: float, options: Mapping[str, Any]
    ) -> None:
        blocks = {sensor.name: at for sensor, at in model.blocks}
        self.live = online(model, method, **options)
        unguarded = plain(method)
        self._base = self.live if unguarded == method else online(model, unguarded, **options)
        self._members = [
            _Member(one, online(one.model, one.method, **options), blocks.get(one.subject, slice(0)))
            for one in hypotheses(model, method, every)
        ]
        self.limit = limit_of(rate, len(self._members))

    def __repr__(self) -> str:
        return f"Watch({self.live!r}, {self.suspects})"

    def step(
        self, t: Time, sensor: str | None, z: ArrayLike | None, u: ArrayLike | None = None, **more: Any
    ) -> tuple[Belief, Info]:
        """Process one reading, as `Live.step` does, in the filter and in that of every fault.

        Parameters
        ----------
        t, sensor, z, u, more
            As in `Live.step`.

        Returns
        -------
        tuple of Belief and Info
            Those of the filter itself.

        Raises
        ------
        FoglightError
            What `Live.step` raises; nothing is then compared.

        Examples
        --------
        >>> watch = fog.watch(model, every=0.1)
        >>> watch.step(0.1, "radar", [5.2])[0].names
        ('gap', 'gap_speed')
        """
        number = self.live.rows
        belief, info = self.live.step(t, sensor, z, u, **more)
        reference = info if self._base is self.live else self._base.step(t, sensor, z, u, **more)[1]
        reading = np.frombuffer(info.data[3])
        loglik, counted = self._base.loglik, not int(reference.status) & _REFUSED
        for member in self._members:
            found, other = member.live.step(t, sensor, z, u, **more)
            counts = counted and not int(other.status) & _REFUSED
            biases = found.mean[list(member.hypothesis.biases)]
            row = _Row(number, info.time_ns, reading[member.own], biases)
            member.compare(loglik, row, counts=counts)
        return belief, info

    def clear(self) -> None:
        """Forget what speaks against each sensor, after a repair, say: all evidence begins anew.

        Examples
        --------
        >>> watch = fog.watch(model, every=0.1)
        >>> watch.clear()
        """
        for member in self._members:
            member.clear(self._base.loglik)

    @property
    def suspects(self) -> Suspects:
        """Who is at fault by now, since when and how; see `fog.suspects`."""
        found = [member.evidence() for member in self._members]
        firsts = {m.first.number: m.first.stamp for m in self._members if m.first is not None}
        clock = self.live._stepper.clock

        def where(number: int) -> str:
            return f"t = {time_text(firsts[number], clock)}"

        return judged(found, self.limit, where, {number: stamp / 1e9 for number, stamp in firsts.items()})


def watch(
    model: Model, method: Method | None = None, *, every: float, false_alarms: float = RATE, **options: Any
) -> Watch:
    """Make a live filter that says which sensor is at fault.

    Parameters
    ----------
    model : Model
        As for `fog.online`.
    method : Method, default EKF()
        The filter; faults are compared without its gates and bounds.
    every : float
        About how many seconds are between two readings of a sensor; within a factor of ten will do.
    false_alarms : float, default 1e-6
        How many rows of a healthy log raise a false alarm, at most: 1e-6 is one log of 10,000 rows in a hundred.
    options
        As for `fog.online`: history, lag, on_bad, and so on.

    Returns
    -------
    Watch
        `step` as of a live filter; `suspects`; `live`, the filter itself.

    Raises
    ------
    ModelError
        If every is not a number of seconds above 0, or false_alarms is not between 0 and 1, and where `fog.online`
        raises it.

    Notes
    -----
    With k sensors 2 k + 1 further filters run beside it, so a step takes that much longer. How they are compared:
    `fog.suspects`.

    Examples
    --------
    >>> watch = fog.watch(model, fog.EKF(), every=0.1)
    >>> for t in range(20):
    ...     belief, info = watch.step(0.1 * t, "radar", [5.0])
    >>> print(watch.suspects)
    nothing is at fault: no log-likelihood ratio reached 14.9
    """
    if not (is_number(every) and 0.0 < every < np.inf):
        raise ModelError.expected(
            "every", every, "seconds above 0", "Write every=0.1 for ten readings a second."
        )
    limit_of(false_alarms, 1)  # raises for one that is not a probability
    return Watch(model, EKF() if method is None else method, float(every), false_alarms, options)
