"""A fit at which the filter has lost its readings says so, and from which row on: it has no standard errors."""

from functools import cache
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.tuning.lost_filter import start_remedy


@cache
def growth(r: float) -> fog.Model:
    """The logistic map: beyond r = 3.57 it is chaotic, and a variance that is not observed explodes."""
    motion = fog.Motion(
        ("x",), lambda x, dt, p: [p.r * x.x * (1.0 - x.x)], lambda x, dt, p: [[p.q**2]],
        {"r": fog.param(r, low=0), "q": fog.param(0.01, low=0)},
    )  # fmt: skip
    level = fog.Sensor("s", ("z",), lambda x, p: [x.x], lambda x, p: [[p.s**2]], {"s": fog.param(0.1, low=0)})
    return fog.Model(motion, [level], fog.Belief([0.3], std=[0.1]))


@cache
def with_gap() -> fog.Log:
    """Readings of a population at r = 3.2, 70 of them missing: at r = 3.9 the filter is lost by then."""
    log, _ = fog.simulate(growth(3.2), steps=200, dt=1.0, seed=1)
    z = log.bind(growth(3.2)).copy()
    z[50:120] = np.nan
    return fog.Log.regular(z, 1.0)


def test_a_lost_filter_is_said_by_its_row_and_has_no_standard_errors() -> None:
    """The standard errors were 7e132 and 6e132."""
    fit = fog.tune(growth(3.9), with_gap(), free=["q", "s"], heldout=False)
    assert fit.advice == fit.lost
    (said,) = fit.lost
    assert said.startswith(
        "The filter is lost from row 120 (t = 120 s) on at these parameters: it predicts s.z = "
    )
    assert not fit.converged and np.isnan(list(fit.std_errors.values())).all() and fit.intervals == {}
    assert str(fit).startswith("NOT CONVERGED, the filter is lost: ")
    assert str(fit).splitlines()[2].split() == [
        "motion.q",
        f"{fit.params['motion.q']:.6g}",
        "-",
        "not",
        "known",
    ]
    plain = fit.as_dict()
    assert plain["converged"] is False and plain["std_errors"] == {"motion.q": None, "s.s": None}


def test_the_log_of_several_is_named() -> None:
    whole, _ = fog.simulate(growth(3.2), steps=200, dt=1.0, seed=1)
    for logs, number in (([whole, with_gap()], 2), ([with_gap(), whole], 1)):
        fit = fog.tune(growth(3.9), logs, free=["q", "s"], heldout=False)
        assert fit.lost[0].startswith(f"The filter is lost in log {number} from row 120 (t = 120 s) on")


def test_a_filter_that_rejects_its_readings_is_lost() -> None:
    """With the truth a gate is accepted, and a start that is far off lets it reject everything."""
    model = fog.Model(
        fog.motion.constant_velocity("gap", accel=0.1), [fog.sensing.linear("radar", of="gap", std=0.5)],
        fog.Belief([500.0, 0.0], std=[0.1, 0.1]),
    )  # fmt: skip
    near = model.with_start(fog.Belief([50.0, 0.0], std=[0.1, 0.1]))
    log, truth = fog.simulate(near, steps=400, dt=0.1, seed=1)
    fit = fog.tune(model, log, free="std", truth=truth, method=fog.EKF(gate=0.99), heldout=False)
    assert fit.lost and "it rejected" in fit.lost[0] and "from row 0" in fit.lost[0]
    followed = fog.tune(near, log, free="std", truth=truth, method=fog.EKF(gate=0.99), heldout=False)
    assert not followed.lost


HEALTHY: dict[str, Any] = {
    "chaotic, but observed": (growth(3.9), 200, 1.0, ["r", "q", "s"]),
    "vague start": (
        fog.Model(
            fog.motion.constant_velocity("gap", accel=0.4), [fog.sensing.linear("radar", of="gap", std=0.5)],
            fog.Belief([0.0, 0.0], std=[1e7, 1e5]),
        ), 60, 0.1, ["accel", "std"],
    ),
    "a pessimistic guess": (
        fog.Model(
            fog.motion.constant_velocity("gap", accel=400.0), [fog.sensing.linear("radar", of="gap", std=500.0)],
            fog.Belief([5.0, 0.0], std=[5.0, 1.0]),
        ), 60, 0.1, ["accel", "std"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HEALTHY)
def test_a_filter_that_follows_is_not_lost(name: str) -> None:
    model, steps, dt, free = HEALTHY[name]
    true = model.with_parameters({"accel": 0.4, "std": 0.5}) if "accel" in free else model
    log, _ = fog.simulate(
        true.with_start(fog.Belief(model.start.mean, std=0.0 * model.start.std + 0.1)), steps, dt, 3
    )
    fit = fog.tune(model, log, free=free, heldout=False)
    assert fit.lost == [] and fit.converged, str(fit)


def test_the_remedy_depends_on_what_is_known_at_the_start() -> None:
    model = fog.structural(seasonal=4)
    assert (
        "with_start(fog.Belief(mean, std=…)), since the first rows may hardly determine the 4"
        in start_remedy(model)
    )
    assert start_remedy(model.with_start(fog.Belief(np.zeros(4), std=np.ones(4)))) == "widen the start"
