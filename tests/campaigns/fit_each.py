"""Many short series, each fitted: `fog.tune_each` beside statsmodels, which fits one after the other.

    python tests/campaigns/fit_each.py [--series 2000] [--rows 100] [--peers 20]

Local linear trends with noises of their own. statsmodels fits some of the series; the CPU of a series counts, with the
fits of both in turns of one process. Fails if the ratio is below the bar, if a series is left that was not fitted
without a word, or if the likelihood of one is below that of statsmodels.
"""

import argparse
import sys
import time
import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import foglight as fog

LEAST = 20.0  # times as fast as statsmodels, a series
BELOW = 1e-4  # how far a log-likelihood may be below that of statsmodels


def simulated(series: int, rows: int) -> NDArray[np.float64]:
    """Local linear trends (series, rows)."""
    rng = np.random.default_rng(3)
    irregular, level, slope = np.exp(rng.normal(size=(3, series, 1)) * 0.5) * [[[1.0]], [[0.5]], [[0.1]]]
    slopes = np.cumsum(slope * rng.normal(size=(series, rows)), axis=1)
    levels = np.cumsum(slopes + level * rng.normal(size=(series, rows)), axis=1)
    return np.asarray(levels + irregular * rng.normal(size=(series, rows)))


def panel(z: NDArray[np.float64]) -> pd.DataFrame:
    """A column of names, one of dates and one of readings."""
    series, rows = z.shape
    return pd.DataFrame({
        "unique_id": np.repeat(np.arange(series), rows),
        "ds": np.tile(pd.date_range("2000-01-01", periods=rows, freq="D"), series),
        "y": z.ravel(),
    })  # fmt: skip


def by_statsmodels(z: NDArray[np.float64]) -> float:
    """The log-likelihood at the maximum that statsmodels finds."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    return float(UnobservedComponents(z, "lltrend", use_exact_diffuse=True).fit(disp=False).llf)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--series", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--peers", type=int, default=20, help="series that statsmodels fits, too")
    parser.add_argument("--tries", type=int, default=3)
    given = parser.parse_args()
    z = simulated(given.series, given.rows)
    table, model = panel(z), fog.structural("y", trend="random")
    fog.tune_each(model, panel(z[:2]), id="unique_id", time="ds", freq="D")  # compiles
    by_statsmodels(z[0])
    ours, theirs, parts = [], [], np.array_split(np.arange(given.peers), given.tries)
    peers: list[float] = []
    for part in parts:
        wall, cpu = time.perf_counter(), time.process_time()
        fits = fog.tune_each(model, table, id="unique_id", time="ds", freq="D")
        ours.append((time.process_time() - cpu, time.perf_counter() - wall))
        cpu = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of searches that did not converge
            peers += [by_statsmodels(z[k]) for k in part]
        theirs.append((time.process_time() - cpu) / len(part))
    (cpu, wall), peer = min(ours), min(theirs)
    ratio = peer / (cpu / given.series)
    worst = float(np.min(fits.loglik[: given.peers] - peers))
    status = dict(zip(*np.unique(fits.status, return_counts=True), strict=True))
    print(
        f"{given.series} series of {given.rows} rows: {wall:.1f} s, {cpu:.1f} s CPU, {cpu / given.series * 1e3:.2f} ms "
        f"a series; statsmodels {peer * 1e3:.0f} ms, {ratio:.0f} times as much; log-likelihood at worst {worst:+.1e} "
        f"of it; {', '.join(f'{count} {word}' for word, count in status.items())}"
    )
    return 0 if ratio >= LEAST and worst >= -BELOW else 1


if __name__ == "__main__":
    sys.exit(main())
