"""How well is the growth of a quarter known while it runs?

    python examples/series/nowcast.py

Jobs come every month, sales a month after them, and the growth of output at the end of its quarter. The model of
docs/how-to/nowcast.md is tuned on ten years; then every quarter of the next five is estimated three times: before it
begins, in its first and in its second month. The naive estimate is the growth of the quarter before.
"""

import numpy as np
import pandas as pd

import foglight as fog

NAMES, MONTHS, FITTED = ("jobs", "sales", "gdp"), 180, 120
TRUTH = {
    "partial_1_factor_factor": 1.3, "jobs_loading": 0.3, "sales_loading": 0.5, "gdp_loading": 0.4,
    "jobs_std": 0.2, "sales_std": 0.6, "gdp_std": 0.3,
}  # fmt: skip


def model() -> fog.Model:
    """One factor with one lag; output is the growth of a sum of three months."""
    return fog.dynamic_factor(NAMES, 1, 1, quarterly={"gdp": "growth"})


def simulated(seed: int) -> pd.DataFrame:
    """Fifteen years of the three series, the quarterly one in the last month of each quarter."""
    whole, _ = fog.simulate(model().with_parameters(TRUTH), steps=MONTHS, dt=1.0, seed=seed)
    months = pd.period_range("2010-01", periods=MONTHS, freq="M")
    table = pd.DataFrame({name: whole.columns()[f"series.{name}"] for name in NAMES}, months)
    table.loc[months.month % 3 != 0, "gdp"] = np.nan
    return table


def known_in(table: pd.DataFrame, month: int) -> pd.DataFrame:
    """What had been published at the end of a month: no sales of it, and no output."""
    known = table.iloc[: month + 1].copy()
    known.iloc[-1, [1, 2]] = np.nan
    return known


def nowcasts(tuned: fog.Model, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates and standard deviations (quarters, 3) before each quarter and in its first two months; the growth."""
    ends = range(FITTED + 2, MONTHS, 3)
    estimate, std = np.empty((len(ends), 3)), np.empty((len(ends), 3))
    for row, end in enumerate(ends):
        for k in range(3):
            run = fog.run(tuned, known_in(table, end - 3 + k))
            found = fog.forecast(run, times=[str(table.index[end])]).sensors["series"]
            estimate[row, k], std[row, k] = found.mean[0, 2], found.std[0, 2]
    return estimate, std, table["gdp"].to_numpy()[list(ends)]


def main() -> None:
    table = simulated(seed=6)
    fit = fog.tune(model(), table[:FITTED], heldout=False)
    print(fit.check())
    estimate, std, growth = nowcasts(fit.model, table)
    before = table["gdp"].to_numpy()[FITTED - 1 : MONTHS - 3 : 3]
    print(f"{len(growth)} quarters; the last one as an estimate is off by {rms(before - growth):.2f}")
    for k, when in enumerate(("before the quarter", "in its first month", "in its second month")):
        off, inside = estimate[:, k] - growth, np.abs(estimate[:, k] - growth) < 1.282 * std[:, k]
        print(
            f"{when}: off by {rms(off):.2f}, stated {rms(std[:, k]):.2f}; {inside.mean():.0%} within the 80 % interval"
        )


def rms(values: np.ndarray) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(values**2)))


if __name__ == "__main__":
    main()
