"""How long the adapter's filters take, as shares of filterpy's time in the same run.

    python tests/campaigns/filterpy_speed.py [--rounds 40]

Prints a table: microseconds a step (a prediction and an update) or a row, by filterpy and by the adapter, and how many
times as fast the adapter is. The two take turns, and the least time of the process of each is taken, so that what else
the computer does counts for little. Set OPENBLAS_NUM_THREADS=1.
docs/guide/from-filterpy.md says what was measured.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import filterpy.kalman
import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "src")]

import foglight.adapters.filterpy as adapter  # noqa: E402

SIZES = ((2, 1), (4, 2), (9, 3), (12, 3), (16, 4), (20, 4), (50, 10))
ROWS = 20
Job = Callable[[], object]


def filled(kf: Any, n: int, m: int, column: bool = True) -> Any:
    """A filter with dense, stable matrices."""
    rng = np.random.default_rng(n)
    kf.F = np.linalg.qr(rng.normal(size=(n, n)))[0] * 0.95
    kf.H = rng.normal(size=(m, n))
    kf.R, kf.Q, kf.P = 0.5 * np.eye(m), 0.1 * np.eye(n), np.eye(n)
    kf.x = np.zeros((n, 1) if column else n)
    return kf


def linear(library: ModuleType, n: int, m: int, zs: Any, likelihood: bool = False) -> Job:
    kf = filled(library.KalmanFilter(n, m), n, m)

    def steps() -> None:
        for z in zs:
            kf.predict()
            kf.update(z)
            if likelihood:
                kf.log_likelihood  # noqa: B018

    return steps


def with_likelihood(library: ModuleType, n: int, m: int, zs: Any) -> Job:
    return linear(library, n, m, zs, likelihood=True)


def extended(library: ModuleType, n: int, m: int, zs: Any) -> Job:
    kf = filled(library.ExtendedKalmanFilter(n, m), n, m)
    H = kf.H

    def steps() -> None:
        for z in zs:
            kf.predict()
            kf.update(z, lambda x: H, lambda x: H.dot(x))

    return steps


def unscented(library: ModuleType, n: int, m: int, zs: Any) -> Job:
    points = library.MerweScaledSigmaPoints(n, alpha=0.5, beta=2.0, kappa=1.0)
    kf = library.UnscentedKalmanFilter(n, m, 1.0, hx=None, fx=None, points=points)
    filled(kf, n, m, column=False)
    kf.fx, kf.hx = lambda x, dt, F=kf.F: F.dot(x), lambda x, H=kf.H: H.dot(x)

    def steps() -> None:
        for z in zs:
            kf.predict()
            kf.update(z.ravel())

    return steps


def batch(library: ModuleType, n: int, m: int, zs: Any) -> Job:
    kf = filled(library.KalmanFilter(n, m), n, m)
    return lambda: kf.batch_filter(zs)


def smoother(library: ModuleType, n: int, m: int, zs: Any) -> Job:
    kf = filled(library.KalmanFilter(n, m), n, m)
    means, covariances, _, _ = kf.batch_filter(zs)
    return lambda: kf.rts_smoother(means, covariances)


JOBS = {
    "linear": linear,
    "linear, log_likelihood read": with_likelihood,
    "extended": extended,
    "unscented": unscented,
    "batch_filter": batch,
    "rts_smoother": smoother,
}


def least(jobs: list[Job], rounds: int) -> list[float]:
    """The least time of each (µs a row), in turns; the first rounds compile, and do not count."""
    for _ in range(2):
        for job in jobs:
            job()
    found = [float("inf")] * len(jobs)
    for _ in range(rounds):
        for k, job in enumerate(jobs):
            begun = time.process_time()
            job()
            found[k] = min(found[k], time.process_time() - begun)
    return [1e6 * seconds / ROWS for seconds in found]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    print(f"{'':28} {'n':>3} {'m':>3} {'filterpy':>9} {'adapter':>9} {'times':>6}")
    for name, made in JOBS.items():
        for n, m in SIZES:
            zs = np.random.default_rng(0).normal(size=(ROWS, m, 1))
            jobs = [made(library, n, m, zs) for library in (filterpy.kalman, adapter)]
            theirs, ours = least(jobs, rounds)
            print(f"{name:28} {n:3} {m:3} {theirs:9.1f} {ours:9.1f} {theirs / ours:6.2f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
