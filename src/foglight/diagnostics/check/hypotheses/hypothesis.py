"""What a hypothesis is: a change of the model or the log, how it changes the density of a reading, and its words.

A reading z that is changed to z' = c(z) has density p(z) = p'(c(z)) |c'(z)|, so hypotheses that change readings are
compared by the likelihood of the changed log plus the sum of log |c'|. Without that term, readings divided by 1000
would always be likelier.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.diagnostics.check.health import Change, Code
from foglight.diagnostics.check.sentences import accused
from foglight.model.model import Model, Sensor


@dataclass(frozen=True)
class Hypothesis:
    """One explanation.

    code, subject, value: of the finding that it becomes.  wrong, remedy: the two parts of its sentence, what is wrong
    and what to do.  name: what is wrong in a few words, for a list of rivals.  change: from a model and a log to those
    without the fault.  log_slopes: {component of z: log |c'|} of the readings that it changes.  judged: the same change
    as a model whose kernel hypotheses share, if there is one.  suggestions: {parameter: value}.  modest: whether what
    a search of the model finds is preferred where it fits alike.  beside_noises: whether noises that fit alike are
    another explanation, not the same one in other words.
    """

    code: Code
    subject: str
    value: float
    wrong: str
    remedy: str
    name: str
    change: Change
    log_slopes: Mapping[int, float] = field(default_factory=dict)
    judged: Change | None = None
    suggestions: Mapping[str, float] = field(default_factory=dict)
    modest: bool = False
    beside_noises: bool = False

    @property
    def sensor(self) -> str:
        """The sensor that is accused, or "log" or "motion"."""
        return self.subject.partition(".")[0]


@dataclass(frozen=True)
class Family:
    """Hypotheses that differ by one number.

    at: the hypothesis of a number.  tried: the numbers to try first, ascending.  fitted: whether the most likely number
    between those is then found, which costs a degree of freedom.  common: the part of a log that every number up to
    this one leaves comparable.  beside: how many other numbers were fitted before.
    """

    at: Callable[[float], Hypothesis]
    tried: tuple[float, ...]
    fitted: bool = False
    common: Callable[[Log, float], Log] | None = None
    beside: int = 0

    @property
    def dof(self) -> int:
        """How many numbers the log decides."""
        return int(self.fitted) + self.beside


@dataclass(frozen=True)
class Evidence:
    """What hypotheses are proposed from.

    labels: the sensor and measure of each component of z (…, M).  size (M,): mean squares of the normalised
    innovations.  gain_score (M,): |score| over its standard deviation of a gain of each component.  suspected: whether
    anything seems wrong.
    """

    model: Model
    log: Log
    z: Floats
    labels: tuple[tuple[Sensor, str], ...]
    size: Floats
    gain_score: Floats
    suspected: bool

    def groups(self) -> list[tuple[int, ...]]:
        """The components of each sensor with several, then every single component."""
        found: list[tuple[int, ...]] = []
        for sensor in self.model.sensors:
            whole = tuple(i for i, (other, _) in enumerate(self.labels) if other is sensor)
            if len(whole) > 1:
                found.append(whole)
        return [*found, *[(i,) for i in range(len(self.labels))]]

    def is_angle(self, component: int) -> bool:
        """Whether the innovation of this component is taken the short way round."""
        sensor, measure = self.labels[component]
        return measure in sensor.angles

    def subject(self, components: tuple[int, ...]) -> str:
        """The sensor, or the sensor and its measure."""
        return accused(self.model, components)

    def wrong_size(self, components: tuple[int, ...], factor: float) -> bool:
        """Whether the innovations of one of these are larger or smaller than they should be by this factor."""
        size = self.size[list(components)]
        return bool(((size > factor) | (size < 1.0 / factor)).any())
