"""When did the Nile fall, and by how much?

    python examples/series/nile.py

A hundred years of the Nile's flow at Aswan. A level that drifts explains them, but so does a single step, and then
nothing is left that drifts. Of all years the step fits best in 1899, when the first dam was begun. The flow is written
below: 1871 to 1970, in 10^8 cubic metres (Cobb 1978, Biometrika 65; Durbin & Koopman 2012, §2.2.5).
"""

import numpy as np
import pandas as pd

import foglight as fog

FLOW = """
    1120 1160 963 1210 1160 1160 813 1230 1370 1140 995 935 1110 994 1020 960 1180 799 958 1140
    1100 1210 1150 1250 1260 1220 1030 1100 774 840 874 694 940 833 701 916 692 1020 1050 969
    831 726 456 824 702 1120 1100 832 764 821 768 845 864 862 698 845 744 796 1040 759
    781 865 845 944 984 897 822 1010 771 676 649 846 812 742 801 1040 860 874 848 890
    744 749 838 1050 918 986 797 923 975 815 1020 906 901 1170 912 746 919 718 714 740
"""
YEARS = range(1890, 1909)


def log() -> fog.Log:
    """The flow, a year in each row."""
    years = pd.period_range("1871", periods=100, freq="Y")
    return fog.Log.series(pd.Series([float(value) for value in FLOW.split()], years, name="flow"))


def with_step(year: int) -> fog.Model:
    """A constant level with a step in a year."""
    return fog.structural("flow", level="fixed", intervention=fog.intervention("step", at=str(year)))


def main() -> None:
    flow = log()
    drifting = fog.tune(fog.structural("flow"), flow, heldout=False)
    print("A level that drifts:", {name: round(value, 1) for name, value in drifting.params.items()})

    stepping = fog.structural("flow", intervention=fog.intervention("step", at="1899"))
    both = fog.tune(stepping, flow, heldout=False)
    print("With a step in 1899:", {name: round(value, 1) for name, value in both.params.items()})

    # All of these leave two states unknown, and differ in the year only: their likelihoods can be compared.
    fits = [fog.tune(with_step(year), flow, heldout=False) for year in YEARS]
    logliks = np.array([fit.loglik for fit in fits])
    best = int(np.argmax(logliks))
    near = ", ".join(
        f"{YEARS[k]} {logliks[k] - logliks[best]:.1f}" for k in range(best - 2, best + 3) if k != best
    )
    print(f"The step fits best in {YEARS[best]}; log-likelihood of years near it: {near}")

    run = fog.run(fits[best].model, flow)
    print(f"{run.belief} in 1970")
    low, high = fog.forecast(run, steps=1).sensors["flow"].interval(0.95)
    print(f"1971 will be within {low[0, 0]:.0f} and {high[0, 0]:.0f}, in 95 of 100 worlds")


if __name__ == "__main__":
    main()
