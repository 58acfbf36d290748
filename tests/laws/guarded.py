"""Guarded filters for the laws of gates, bounds and recovery."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog
from foglight.core.errors import Status

from .linear_cases import stamped_log, stamped_model
from .units import differing

Array = NDArray[np.float64]
METHODS = [fog.KF(), fog.KF(form="joseph"), fog.EKF(iterations=3, form="textbook"), fog.UKF()]
GATED, RESET, USED, MISSING = (int(b) for b in (Status.GATED, Status.RESET, Status.USED, Status.MISSING))


def same_belief(one: Any, other: Any, kinds: tuple[str, ...] = ("filtered",)) -> None:
    """To the bit."""
    for kind in kinds:
        a, b = getattr(one, kind), getattr(other, kind)
        assert differing(a.mean, b.mean) == 0, kind
        assert differing(a.cov, b.cov) == 0, kind


@cache
def pair() -> fog.Model:
    """Two sensors; kept, so that what is compiled for a method is compiled once."""
    return stamped_model()


def linear(method: Any, z: Array) -> Any:
    return fog.run(pair(), stamped_log(z), method=method)


def level(std: float = 1.0, start: float = 2.0) -> fog.Model:
    """One state, two sensors."""
    gauge = fog.sensing.linear("gauge", of="level", std=std)
    other = fog.sensing.linear("other", of="level", std=2.0)
    return fog.Model(fog.motion.random_walk("level", std=0.3), [gauge, other], fog.Belief([0.5], std=[start]))


def level_run(method: Any, seconds: Any, gauge: Any, other: Any = None, **more: Any) -> Any:
    quiet = np.full(len(gauge), np.nan)
    log = fog.Log.from_arrays(np.array(seconds, float), gauge=np.array(gauge, float),
                              other=quiet if other is None else np.array(other, float))  # fmt: skip
    return fog.run(more.pop("model", level()), log, method=method, **more)
