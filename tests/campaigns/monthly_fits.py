"""Many monthly series, the variances of each fitted on its own, beside statsmodels: CPU per series and peak of memory.

    python tests/campaigns/monthly_fits.py [--series 5000] [--rows 120] [--peers 24]

A smooth trend with a season of twelve months, 13 states and three variances. Ours is one call for the panel of
`unique_id`, `ds` and `y`; statsmodels fits some of the same series one by one, from its own start. Where both have
converged, the log-likelihoods are compared. Fails above the bars.
"""

import argparse
import resource
import sys
import time
import warnings

import numpy as np
import pandas as pd

import foglight as fog
from foglight.core.types import Array

AT_LEAST = 50  # times the CPU of ours that statsmodels takes for a series
PEAK = 400  # MB that the fit of all series needs beside the panel, however many there are: most of it is compilation
AGREED = 1e-5  # of a log-likelihood: that of theirs may be lower, not higher
MONTHS = 12


def readings(series: int, rows: int) -> Array:
    """z (series, rows): a slope that wanders, a pattern that slowly changes, and noise of 1, by a factor of each."""
    rng = np.random.default_rng(3)
    slope_std, season_std = (
        0.05 * np.exp(0.5 * rng.normal(size=series)),
        0.1 * np.exp(0.5 * rng.normal(size=series)),
    )
    level, slope, z = np.zeros(series), np.zeros(series), []
    pattern = [3.0 * rng.standard_normal(series) for _ in range(MONTHS - 1)]
    for _ in range(rows):
        level, slope = level + slope, slope + slope_std * rng.standard_normal(series)
        pattern = [season_std * rng.standard_normal(series) - sum(pattern), *pattern[:-1]]
        z.append(level + pattern[0] + rng.standard_normal(series))
    return np.array(z).T


def panel(z: Array) -> pd.DataFrame:
    """The series as a panel, month after month."""
    series, rows = z.shape
    months = pd.period_range("2015-01", periods=rows, freq="M").to_timestamp()
    return pd.DataFrame({
        "unique_id": np.repeat(np.arange(series), rows), "ds": np.tile(months, series), "y": z.ravel(),
    })  # fmt: skip


def theirs(z: Array) -> tuple[float, bool]:
    """statsmodels' log-likelihood of one series at its maximum, and whether it converged."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = UnobservedComponents(z, "strend", seasonal=MONTHS, use_exact_diffuse=True).fit(
            disp=0, maxiter=200
        )
    return float(found.llf), bool(found.mle_retvals["converged"])


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--series", type=int, default=5000)
    parser.add_argument("--rows", type=int, default=120)
    parser.add_argument("--peers", type=int, default=24, help="series that statsmodels fits")
    given = parser.parse_args()
    z = readings(given.series, given.rows)
    frame = panel(z)
    model = fog.structural(trend="smooth", seasonal=MONTHS)
    before, wall, cpu = peak(), time.perf_counter(), time.process_time()
    fits = fog.tune_each(model, frame)
    wall, cpu, more = time.perf_counter() - wall, time.process_time() - cpu, peak() - before
    ours = 1e3 * cpu / given.series
    print(
        f"{given.series} series of {given.rows}: {wall:.1f} s, {cpu:.1f} s CPU with compilation, {ours:.2f} ms CPU a "
        f"series, {fits.converged.sum()} converged, {more:.0f} MB more than before"
    )
    which = np.linspace(0, given.series - 1, min(given.peers, given.series)).astype(int)
    theirs(z[0])
    cpu, lower, higher, same = time.process_time(), 0, [], 0
    for k in which:
        loglik, converged = theirs(z[k])
        gain = float(fits.loglik[k]) - loglik
        same += abs(gain) <= 10.0 * AGREED * abs(loglik)
        lower += gain > 10.0 * AGREED * abs(loglik)
        if converged and gain < -AGREED * abs(loglik):
            higher.append(f"series {k}: {fits.loglik[k]:.6f}, statsmodels {loglik:.6f}")
    peer = 1e3 * (time.process_time() - cpu) / len(which)
    print(
        f"statsmodels: {peer:.0f} ms CPU a series, {peer / ours:.0f} times as much; of {len(which)} maxima {same} the "
        f"same, {lower} of statsmodels lower, {len(higher)} higher"
    )
    print(*higher, sep="\n")
    return 0 if peer >= AT_LEAST * ours and more < PEAK and not higher else 1


if __name__ == "__main__":
    sys.exit(main())
