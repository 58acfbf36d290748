"""Tuning is quick: ratios in one run, both sides in turns. The figures themselves are in benchmarks/RESULTS.md."""

import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import foglight as fog
from agreement.structural_models import trend
from foglight.compiler.engine.cache import engine_of
from foglight.inference.likelihood import Likelihood


def series(rows: int = 1000) -> Any:
    rng, level, slope, z = np.random.default_rng(0), 0.0, 0.0, []
    for _ in range(rows):
        level += slope + 0.5 * rng.standard_normal()
        slope += 0.1 * rng.standard_normal()
        z.append(level + rng.standard_normal())
    return np.array(z)


def best(jobs: list[Callable[[], Any]], rounds: int) -> list[float]:
    """The shortest time of each job, over rounds in which they take turns."""
    times = [[] for _ in jobs]  # type: list[list[float]]
    for _ in range(rounds):
        for job, mine in zip(jobs, times, strict=True):
            started = time.perf_counter()
            job()
            mine.append(time.perf_counter() - started)
    return [min(mine) for mine in times]


def test_a_gradient_in_three_parameters_costs_less_than_three_and_a_half_likelihoods() -> None:
    model, log = trend(), fog.Log.regular(series()[:, None], dt=1.0)
    likelihood = Likelihood(model, log)
    [part] = likelihood._ordinary
    [alone] = part.blocks
    plain, gradient = engine_of(model, fog.EKF(), "last"), likelihood._gradient
    assert gradient is not None and len(likelihood.names) == 3
    along = part.start(alone.carry, np.tile(likelihood.values, (4, 1)), np.eye(4, 3)[:, None])
    block = replace(alone, carry=along)
    one, both = best([lambda: plain.run(alone), lambda: gradient.run(block)], 300)
    print(f"likelihood {1e6 * one:.0f} µs, with its gradient {1e6 * both:.0f} µs: {both / one:.2f}")
    assert both < 3.5 * one


def test_of_many_states_it_costs_less_than_differences() -> None:
    """On whole arrays, three directions at once; differences take seven likelihoods."""
    n, rng = 13, np.random.default_rng(0)
    F, H = 0.2 * rng.standard_normal((n, n)) + 0.3 * np.eye(n), rng.standard_normal((1, n))
    motion = fog.Motion(
        tuple(f"x{i}" for i in range(n)),
        lambda x, dt, p: F @ np.array(list(x), object),
        lambda x, dt, p: np.diag([p.a**2] * 6 + [p.b**2] * 7),
        {"a": 0.5, "b": 0.3},
    )
    sensor = fog.Sensor(
        "eye", ("u",), lambda x, p: H @ np.array(list(x), object), lambda x, p: [[p.r**2]], {"r": 1.0}
    )
    model = fog.Model(motion, [sensor], fog.Belief(np.zeros(n), std=np.ones(n)))
    likelihood = Likelihood(model, fog.Log.regular(series(100)[:, None], dt=1.0))
    assert likelihood.exact
    values = likelihood.values
    one, both = best([lambda: likelihood.loglik(values), lambda: likelihood.at(values)], 60)
    print(f"likelihood {1e6 * one:.0f} µs, with its gradient {1e6 * both:.0f} µs: {both / one:.2f}")
    assert both < 5.0 * one


def test_a_fit_is_quicker_than_that_of_statsmodels_and_the_first_one_too() -> None:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    z = series()
    log, kept = fog.Log.regular(z[:, None], dt=1.0), trend()
    peer = UnobservedComponents(z, "lltrend", use_exact_diffuse=True)

    def theirs() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return peer.fit(disp=0)

    ours = fog.tune(kept, log, heldout=False)
    stds = [ours.params[name] for name in ("gauge.std", "motion.level_std", "motion.slope_std")]
    assert np.allclose(np.sqrt(theirs().params), stds, rtol=1e-3)
    jobs = [lambda: fog.tune(kept, log, heldout=False), lambda: fog.tune(trend(), log, heldout=False), theirs]
    warm, first, slow = best(jobs, 9)
    print(f"fit {1e3 * warm:.1f} ms, the first {1e3 * first:.0f} ms, statsmodels {1e3 * slow:.0f} ms")
    assert slow > 10 * warm and slow > first
