"""What a check will take, from the time of its first runs, and a warning before it takes long.

Every perturbation is run twice, so that a log with nothing wrong takes 2 P runs for P perturbations. Where something is
wrong, each round of the search takes about as many, the search is repeated on the log that the best hypothesis makes,
and each sensor that may be accused is run about a hundred times.
"""

import time
import warnings

from foglight.compiler.engine.reference import level_of_the_user
from foglight.core.errors import FoglightWarning
from foglight.diagnostics.check.effort import EFFORTS, Effort
from foglight.model.model import Model

LONG = 10.0  # seconds from which a warning says so
_RUNS_OF_A_SENSOR = 100
_SAID = "warned of a long check"
clock = time.perf_counter


def runs_if_wrong(directions: int, rounds: int, sensors: int) -> int:
    """About how many runs a check takes if something is wrong. directions: that one round runs twice.  sensors: that
    may be accused."""
    return 2 * rounds * 2 * directions + _RUNS_OF_A_SENSOR * sensors


def warn_if_long(model: Model, effort: Effort, runs: int, rows: int, seconds: float) -> None:
    """A FoglightWarning, once for a model, if this many runs take long. rows: of each.  seconds: of one."""
    if runs * seconds <= LONG or model.kernels.setdefault(_SAID, False):
        return
    model.kernels[_SAID] = True
    shorter = "check a part of the log, fog.run(model, log[:n])"
    remedy = f"Write {shorter}." if effort == EFFORTS["quick"] else f"Write effort='quick', or {shorter}."
    warnings.warn(
        f"this check takes about {runs * seconds:.0f} s: it runs the filter {runs} times or so on {rows} rows, "
        f"{seconds:.2g} s each. {remedy}",
        FoglightWarning,
        stacklevel=level_of_the_user(),
    )


def said_of(model: Model, other: Model) -> None:
    """What was said of one model holds for another, which a hypothesis makes of it."""
    if model.kernels.get(_SAID, False):
        other.kernels[_SAID] = True
