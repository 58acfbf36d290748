"""When a gate gives way: what is carried about the rejected readings of a sensor, and when they are due.

A gate cannot tell outliers from a jump of the state, but a run of rejections can. The belief is widened after a run

- that is longer than `recover` seconds: bursts of outliers last for some time, however often a sensor reports,
- that chance does not explain: q^k < IMPROBABLE for k rejections in a row, where q is the share of the sensor's
  readings rejected so far, (rejected + 1)/(readings + 2), and at most ½ (or 1 - gate, if that is more),
- during which no other sensor that sees the same was accepted. If one was, this sensor is at fault, not the state.

Two components see the same if their gradients, with every state in units of its own standard deviation, are closer to
parallel than 60°: cos² >= ¼. Among directions in the plane, three others always include one that is this close.

For each sensor with a gate and a finite `recover` the filter carries how many readings were rejected and how many there
were; and for each of its components a clock and the chance q^k of the run. See docs/decisions/2026-11-29-giving-way.md.
"""

from typing import Any, NamedTuple

import numpy as np

from foglight.core.types import Array
from foglight.equations.robust import variances
from foglight.methods.method import Method
from foglight.model.model import Model, Sensor
from foglight.trace.ops import absolute, known_zero, minimum, select, sqrt, total

IMPROBABLE = 1e-5
_COSINE = 0.5


class Rejections(NamedTuple):
    """The run of rejections of one component: seconds since its first, -1 if there is none; and its chance."""

    clock: Any = -1.0
    chance: Any = 1.0

    def ended(self, mask: Any) -> "Rejections":
        """None where the mask holds."""
        return Rejections(*[select(mask, none, now) for none, now in zip(Rejections(), self, strict=True)])


class Record(NamedTuple):
    """What is carried of one sensor: its readings rejected so far, all its readings, and the run of each component."""

    rejected: Any
    readings: Any
    runs: tuple[Rejections, ...]

    def after(self, dt: Any) -> "Record":
        """The record after dt seconds."""
        runs = [run._replace(clock=select(run.clock >= 0.0, run.clock + dt, run.clock)) for run in self.runs]
        return self._replace(runs=tuple(runs))

    def accepted(self, used: list[Any]) -> "Record":
        """The record after an accepted reading of these components."""
        runs = [run.ended(u) for run, u in zip(self.runs, used, strict=True)]
        return Record(self.rejected, self.readings + 1.0, tuple(runs))

    def refused(self, used: list[Any], share: float) -> "Record":
        """The record after a rejected reading of these components. share: the largest for q."""
        q = minimum((self.rejected + 1.0) / (self.readings + 2.0), share)
        runs = []
        for run, u in zip(self.runs, used, strict=True):
            more = Rejections(select(run.clock < 0.0, 0.0, run.clock), run.chance * q)
            runs.append(Rejections(*[select(u, a, b) for a, b in zip(more, run, strict=True)]))
        return Record(self.rejected + 1.0, self.readings + 1.0, tuple(runs))

    def restarted(self, mask: Any) -> "Record":
        """The record after the belief was widened: where the mask holds, all runs begin again with this reading."""
        first = Rejections(0.0)
        runs = [
            Rejections(*[select(mask, a, b) for a, b in zip(first, run, strict=True)]) for run in self.runs
        ]
        return self._replace(runs=tuple(runs))

    def due(self, recover: float) -> list[Any]:
        """Of which components the run is long enough."""
        return [(run.clock >= recover) & (run.chance <= IMPROBABLE) for run in self.runs]


Records = dict[str, Record]


def recovering(model: Model, method: Method) -> tuple[Sensor, ...]:
    """The sensors that may widen the belief."""
    gated = method.gated(model.sensor_names) if np.isfinite(method.recover) else ()
    return tuple(sensor for sensor in model.sensors if sensor.name in gated)


def start_values(model: Model, method: Method) -> list[float]:
    """The carried numbers before the first row."""
    return [
        value
        for sensor in recovering(model, method)
        for value in (0.0, 0.0, *(*Rejections(),) * len(sensor.measures))
    ]


def size(model: Model, method: Method) -> int:
    """How many numbers are carried."""
    return len(start_values(model, method))


def labels(model: Model, method: Method) -> tuple[str, ...]:
    """A label for each carried number."""
    found = []
    for sensor in recovering(model, method):
        found += [f"rejected readings of {sensor.name}", f"readings of {sensor.name}"]
        for measure in sensor.measures:
            of = f"{sensor.name}.{measure}"
            found += [f"seconds of rejection of {of} (-1 for none)", f"chance of the rejections of {of}"]
    return tuple(found)


def records_of(model: Model, method: Method, values: Array) -> Records:
    """The records among all carried numbers, at the end of which they are."""
    rest = iter(values[len(values) - size(model, method) :])
    return {
        sensor.name: Record(
            next(rest), next(rest), tuple(Rejections(next(rest), next(rest)) for _ in sensor.measures)
        )
        for sensor in recovering(model, method)
    }


def carried(records: Records) -> list[Any]:
    """The records as the numbers that are carried."""
    return [
        value
        for record in records.values()
        for value in (record.rejected, record.readings, *[v for run in record.runs for v in run])
    ]


def ended_by(
    records: Records, name: str, H: Array, used: list[Any], gradients: dict[str, Array], belief: Any
) -> Records:
    """The records after an accepted reading of the sensor `name`, which ends the runs of others that see the same.

    H (m, n): its Jacobian. gradients: the Jacobians of the sensors with records; the runs of one without go on.
    """
    spread, found = variances(belief), dict(records)
    for other in [key for key in gradients if key != name]:
        runs = list(records[other].runs)
        for j, gradient in enumerate(gradients[other]):
            for h, u in zip(H, used, strict=True):
                if not known_zero(inner := total(list(h * gradient * spread))):
                    runs[j] = runs[j].ended(u & _alike(inner, h, gradient, spread))
        found[other] = records[other]._replace(runs=tuple(runs))
    return found


def _alike(inner: Any, one: Array, other: Array, spread: Array) -> Any:
    """Whether two gradients are closer to parallel than 60°. inner: their product; spread: the variances."""
    sizes = [sqrt(total(list(gradient * gradient * spread))) for gradient in (one, other)]
    return (absolute(inner) >= _COSINE * (sizes[0] * sizes[1])) & (absolute(inner) > 0.0)
