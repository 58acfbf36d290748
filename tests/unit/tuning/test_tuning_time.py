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
    ((block,),) = [part.blocks for part in likelihood._parts]
    plain, gradient = engine_of(model, fog.EKF(), "last"), likelihood._gradient
    assert gradient is not None and len(likelihood.names) == 3
    alone = replace(block, carry=likelihood._logs[0].carry)
    one, both = best([lambda: plain.run(alone), lambda: gradient.run(block)], 300)
    print(f"likelihood {1e6 * one:.0f} µs, with its gradient {1e6 * both:.0f} µs: {both / one:.2f}")
    assert both < 3.5 * one


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
    warm, first, slow = best(jobs, 5)
    print(f"fit {1e3 * warm:.1f} ms, the first {1e3 * first:.0f} ms, statsmodels {1e3 * slow:.0f} ms")
    assert slow > 10 * warm and slow > first
