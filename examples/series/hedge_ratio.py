"""Does a hedge ratio that drifts predict better than a constant one, when neither has seen the days that it predicts?

    python examples/series/hedge_ratio.py

The prices of docs/how-to/hedge-ratio.md, simulated. Both models are tuned on the first year of business days, and
predict each day of the next two years from the days before it and the other price.
"""

import numpy as np
import pandas as pd

import foglight as fog

DAYS, FITTED = 750, 250


def simulated(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Two prices, and the ratio between them (T,), which drifts."""
    rng = np.random.default_rng(seed)
    ratio = 1.2 + 0.01 * rng.standard_normal(DAYS).cumsum()
    crude = 70.0 + rng.standard_normal(DAYS).cumsum()
    diesel = 20.0 + ratio * crude + rng.standard_normal(DAYS)
    return pd.DataFrame({"diesel": diesel, "crude": crude}, pd.bdate_range("2021-01-04", periods=DAYS)), ratio


def tuned(prices: pd.DataFrame, varies: bool) -> fog.Model:
    """A constant margin and a ratio, tuned on the first year."""
    model = fog.structural("diesel", level="fixed", regression="crude", tvp=varies)
    return fog.tune(model, prices[:FITTED], heldout=False).model


def main() -> None:
    prices, ratio = simulated(seed=5)
    for varies in (False, True):
        model = tuned(prices, varies)
        found = fog.backtest(model, prices, first=FITTED).columns()
        run = fog.run(model, prices)
        off = np.abs(run.filtered.mean[FITTED:, 1] - ratio[FITTED:])
        stated = run.filtered.std[FITTED:, 1]
        print(f"{'a ratio that drifts' if varies else 'a constant ratio'}:")
        print(
            f"  a day ahead off by {found['rmse'][0]:.2f}, {found['inside_95'][0]:.0%} within the interval of 95 %"
        )
        print(f"  the ratio off by {off.mean():.3f}, stated {stated.mean():.3f}")


if __name__ == "__main__":
    main()
