"""Which components and sensors are accused if there are too many to try each: those whose innovations stand out.

The test of a perturbation takes two scans, and a hypothesis about a sensor some twenty runs. Where functions are not
compiled and a row has many components, testing all of them would take as long as dozens of runs, and so it would with
many sensors. The innovations of the run itself show at no cost which of them are off: by the mean of ε, by that of
ε² - 1 and by that of the product of successive ε, each over its standard deviation. The others are left out, but limits
stay those of all tests: a healthy log gets no more findings.
"""

import numpy as np

from foglight.core.types import Floats
from foglight.diagnostics.check.effort import FEWEST, Effort
from foglight.diagnostics.check.innovations import Innovations
from foglight.model.model import Model


def suspicion(found: Innovations) -> Floats:
    """How unlike independent N(0, 1) the innovations of each component are (M,), in standard deviations."""
    of_squares = found.by_component(np.asarray(found.expected.square))
    spread = found.by_component(np.asarray(found.expected.spread))
    off = np.zeros(found.value.shape[1])
    for i in range(len(off)):
        used = found.used[:, i]
        value, count = found.value[used, i], int(used.sum())
        if count < 2:
            continue
        mean = value.sum() / np.sqrt(count)
        square = np.sum(value**2 - of_squares[used, i]) / np.sqrt(max(spread[used, i].sum(), 1.0))
        product = value[1:] @ value[:-1] / np.sqrt(count)
        off[i] = np.nan_to_num(max(abs(mean), abs(square), abs(product)), nan=np.inf)
    return off


def suspects(found: Innovations, most: int) -> frozenset[int]:
    """At most this many components, those that are most suspicious."""
    return frozenset(np.argsort(-suspicion(found), kind="stable")[:most].tolist())


def unsuspicious_sensors(found: Innovations, model: Model, most: int) -> frozenset[str]:
    """All sensors but this many, those with the most suspicious components; none if they are so few."""
    if len(model.sensors) <= most:
        return frozenset()
    off = suspicion(found)
    largest = np.array([off[at].max() for at in found.slices])
    return frozenset(model.sensors[k].name for k in np.argsort(-largest, kind="stable")[most:])


def rows_of_suspects(effort: Effort, components: int, count: int, rows: int) -> int:
    """How many rows to search for this number of suspects: their tests filter as many rows as about two runs."""
    tests = 2 * count + 2
    return min(effort.rows_for(components, tests, fast=False), max(FEWEST, rows // tests))


def note_on_components(count: int, components: int) -> str:
    """The note that most components were not tested one by one."""
    return (
        f"the model is not compiled, so the noise and bias of only {count} of {components} components were tested one "
        "by one: those whose innovations stand out. effort='full' tests all."
    )


def note_on_sensors(count: int, sensors: int) -> str:
    """The note that for most sensors it was not tried whether their readings mean something else."""
    return (
        f"delays, clocks, units and the like were tried of only {count} of {sensors} sensors: those whose innovations "
        "stand out. effort='full' tries all."
    )
