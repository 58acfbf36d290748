"""Structural models at recorded parameters: what other software found, and what books print.

KFAS leaves the -½ log 2π of each absorbed reading out of its log-likelihood, and so do the books.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog
from agreement.test_real_logs import example
from oracle import structural
from oracle.structural import ABSORBED

# US unemployment (statsmodels' macrodata, public domain). Variances and log-likelihoods: KFAS, as recorded in
# statsmodels/tsa/statespace/tests/results/results_structural.py (BSD-3); a cycle or season there has no level.
KFAS: list[tuple[str, dict[str, Any], dict[str, float], float]] = [
    ("level", {}, {"irregular": 4.256647886e-06, "level": 0.1182078808}, -70.97242557),
    ("constant", {"level": "fixed"}, {"irregular": 2.127438969}, -365.5289923),
    ("walk", {"irregular": False}, {"level": 0.1182174646}, -70.96771641),
    ("line", {"level": "fixed", "trend": "fixed"}, {"irregular": 2.134137554}, -370.7758666),
    ("fixed slope", {"trend": "fixed"}, {"irregular": 4.457592057e-06, "level": 0.1184455029}, -73.47291031),
    ("drift", {"trend": "fixed", "irregular": False}, {"level": 0.1184499547}, -73.46798576),
    ("trend", {"trend": "random"},
     {"irregular": 1.339852549e-06, "level": 1.008704925e-02, "slope": 6.091760810e-02}, -31.15640107),
    ("smooth", {"trend": "smooth"}, {"irregular": 0.0008824099119, "slope": 0.0753064234342}, -31.92261408),
    ("random trend", {"trend": "smooth", "irregular": False}, {"slope": 0.08054724989}, -32.05607557),
    ("cycle", {"level": None, "cycle": (6, 48), "damped": False},
     {"irregular": 37.57197079, "cycle": 0.1, "period": 10.0}, -656.6568684),
    ("season", {"level": None, "seasonal": 4}, {"irregular": 38.17043009, "season": 0.1}, -655.3337155),
    ("harmonics", {"level": None, "seasonal": fog.fourier(5)}, {"irregular": 38.95352534, "season": 0.05},
     -657.6629457),
    ("regression", {"level": None, "regression": "output"}, {"irregular": 2.215438082}, -371.7966543),
    ("autoregression", {"trend": "smooth", "autoregressive": 1, "irregular": False},
     {"slope": 0.0609, "ar": 0.0097, "partial": 0.9592}, -31.15629379),
]  # fmt: skip
# UK gas consumption in millions of therms, quarterly from 1960 to 1986: Durbin & Koopman 2001; UKgas of R's datasets.
GAS = [
    160.1, 129.7, 84.8, 120.1, 160.1, 124.9, 84.8, 116.9, 169.7, 140.9, 89.7, 123.3, 187.3, 144.1, 92.9,
    120.1, 176.1, 147.3, 89.7, 123.3, 185.7, 155.3, 99.3, 131.3, 200.1, 161.7, 102.5, 136.1, 204.9, 176.1,
    112.1, 140.9, 227.3, 195.3, 115.3, 142.5, 244.9, 214.5, 118.5, 153.7, 244.9, 216.1, 188.9, 142.5, 301,
    196.9, 136.1, 267.3, 317, 230.5, 152.1, 336.2, 371.4, 240.1, 158.5, 355.4, 449.9, 286.6, 179.3, 403.4,
    491.5, 321.8, 177.7, 409.8, 593.9, 329.8, 176.1, 483.5, 584.3, 395.4, 187.3, 485.1, 669.2, 421, 216.1,
    509.1, 827.7, 467.5, 209.7, 542.7, 840.5, 414.6, 217.7, 670.8, 848.5, 437, 209.7, 701.2, 925.3, 443.4,
    214.5, 683.6, 917.3, 515.5, 224.1, 694.8, 989.4, 477.1, 233.7, 730, 1087, 534.7, 281.8, 787.6, 1163.9,
    613.1, 347.4, 782.8,
]  # fmt: skip
NILE = example("nile", Path(__file__).parents[2] / "examples" / "series")
QUICK = ("cycle", "season", "harmonics", "regression", "autoregression")
# UK drivers killed or seriously injured, logarithms: log-likelihood a month at the maximum. Commandeur & Koopman 2007,
# §6.1, 6.2, 7.1, 7.2 and 7.3; the season there is a sum of harmonics.
YEAR = fog.fourier(12)
BOOK: list[tuple[str, dict[str, Any], float]] = [
    ("6.1", {"level": "fixed"}, 0.4573681),
    ("6.2", {"level": "random"}, 0.6630851),
    ("7.1", {"level": "fixed", "seasonal": {YEAR: "fixed"}, "regression": "petrol"}, 0.8023777),
    ("7.2", {"level": "random", "seasonal": YEAR, "regression": "petrol"}, 0.9825225),
    ("7.3", {"level": "random", "seasonal": {YEAR: "fixed"}, "regression": "petrol"}, 0.9798650),
]


@pytest.mark.parametrize(
    ("spec", "values", "recorded"),
    [
        pytest.param(*case, id=name, marks=() if name in QUICK else pytest.mark.campaign)
        for name, *case in KFAS
    ],
)
def test_recorded_by_kfas(spec: dict[str, Any], values: dict[str, float], recorded: float) -> None:
    assert loglik(spec, values) == pytest.approx(recorded, abs=6e-8)


def test_a_variance_that_is_off_by_1e_4_is_noticed() -> None:
    spec, values, recorded = next(case[1:] for case in KFAS if case[0] == "season")
    assert loglik(spec, values) == pytest.approx(recorded, abs=6e-8)
    assert loglik(spec, values | {"season": 0.1 * (1.0 + 1e-4)}) != pytest.approx(recorded, abs=6e-8)


def loglik(spec: dict[str, Any], values: dict[str, float]) -> float:
    """The log-likelihood as KFAS has it, at variances of disturbances, a period and a partial autocorrelation."""
    from statsmodels.datasets import macrodata

    table = macrodata.load_pandas().data
    found = {f"{name}_std": math.sqrt(value) for name, value in values.items()}
    if "partial" in values:
        share = 1.0 - values["partial"] ** 2
        found |= {"ar_partial_1": values["partial"], "ar_std": math.sqrt(values["ar"] / share)}
    if "period" in values:
        found["cycle_period"] = values["period"]
    given = {name: value for name, value in found.items() if name not in ("partial_std", "period_std")}
    model = fog.structural(**spec).with_parameters(given)
    u = np.log(table["realgdp"].to_numpy()) if model.controls else None
    run = fog.run(model, fog.Log.regular(table["unemp"].to_numpy()[:, None], dt=1.0, u=u))
    return float(run.loglik + run.absorbed * ABSORBED)


@pytest.mark.campaign
def test_uk_gas() -> None:
    """R 4.2.2: StructTS(log10(UKgas), type = "BSM"), its help page, with `$coef` and `$loglik` in full.

    There a row precedes the first reading, with the first reading as its level and no slope or season; every entry of
    its covariance is 10⁴ variances of the series, so one number is unknown and the other four states follow from it.
    """
    z = np.log10(GAS)
    start = fog.Belief([z[0], 0.0, 0.0, 0.0, 0.0], cov=np.full((5, 5), 1e4 * z.var(ddof=1)))
    model = fog.structural(trend="random", seasonal=4).with_start(start)
    log = fog.Log.regular(np.array([[math.nan], *z[:, None]]), dt=1.0)
    found = {"irregular": 3.677977675745e-04, "slope": 1.733002994572e-05, "season": 7.136943468045e-04}
    at_r = model.with_parameters({f"{of}_std": math.sqrt(v) for of, v in found.items()} | {"level_std": 0.0})
    assert fog.run(at_r, log).loglik == pytest.approx(153.9992974439, abs=1e-8)
    fit = fog.tune(model, log, heldout=False, resolution=False)
    assert fit.converged
    assert 153.999297444 <= fit.loglik < 153.9993174


def drivers(data: Path) -> fog.Log:
    petrol = np.loadtxt(data / "commandeur_koopman" / "logUKpetrolprice.txt", skiprows=1)
    months = pd.date_range("1969-01", periods=192, freq="MS")
    return fog.Log.series(pd.DataFrame({"drivers": structural.drivers(data), "petrol": petrol}, months))


@pytest.mark.campaign
@pytest.mark.parametrize(("section", "spec", "recorded"), BOOK)
def test_the_seat_belt_law(shared_data: Path, section: str, spec: dict[str, Any], recorded: float) -> None:
    log = drivers(shared_data)
    law = fog.intervention("law", at="1983-02")
    log = log if "regression" in spec else fog.Log.from_arrays(np.arange(192.0), drivers=log["drivers"])
    law = law if "regression" in spec else fog.intervention("law", at=169)
    model = fog.structural("drivers", intervention=law, **spec)
    run = fog.run(fog.tune(model, log, heldout=False, resolution=False).model, log)
    assert (run.loglik + run.absorbed * ABSORBED) / 192 == pytest.approx(recorded, abs=1e-7)


@pytest.mark.campaign
def test_what_the_law_changed(shared_data: Path) -> None:
    """Durbin & Koopman 2012, §8.2, at the variances that the SSM toolbox of Peng & Aston 2011 prints: coefficients of
    the price of petrol and of the law, their standard errors, and the log-likelihood."""
    model = fog.structural(
        "drivers", seasonal=YEAR, regression="petrol", intervention=fog.intervention("law", at="1983-02")
    )
    variances = {"irregular_std": 0.00378627, "level_std": 0.000267692, "season_std": 1.16213e-06}
    model = model.with_parameters({name: math.sqrt(value) for name, value in variances.items()})
    run = fog.run(model, drivers(shared_data))
    assert run.loglik == pytest.approx(175.779, abs=5e-4)
    assert run.belief.mean[-2:] == pytest.approx([-0.2914, -0.23773], abs=5.1e-5)
    assert run.belief.std[-2:] == pytest.approx([0.09832, 0.046318], abs=5e-6)


@pytest.mark.campaign
def test_a_monthly_fit_ends_at_the_optimum_of_statsmodels(shared_data: Path) -> None:
    """Level, slope and season, 13 states: airline passengers, logarithms. statsmodels is begun at the optimum found
    here, where it finds nothing higher, and at its own guess, from which it comes no further."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    table = np.loadtxt(shared_data / "airline_passengers" / "AirPassengers.csv", delimiter=",", skiprows=1)
    y = np.log(table[:, 2])
    model = fog.structural(trend="random", seasonal=12)
    fit = fog.tune(model, fog.Log.regular(y[:, None], dt=1.0), heldout=False, resolution=False)
    variances = [
        fit.params[f"{of}_std"] ** 2
        for of in ("series.irregular", "motion.level", "motion.slope", "motion.season")
    ]
    peer = UnobservedComponents(y, "lltrend", seasonal=12, use_exact_diffuse=True)
    assert peer.loglike(variances) == pytest.approx(fit.loglik, abs=1e-8)
    from_here = peer.fit(np.maximum(variances, 1e-12), disp=False, maxiter=200)
    by_itself = peer.fit(disp=False, maxiter=1000)
    assert max(from_here.llf, by_itself.llf) <= fit.loglik + 1e-6
    assert from_here.llf == pytest.approx(fit.loglik, abs=1e-3)


@pytest.mark.campaign
def test_the_nile_fell_in_1899(capsys: pytest.CaptureFixture[str]) -> None:
    """By 248 ± 28, and nothing is left that drifts: regression on a constant and a step, by least squares."""
    NILE.main()
    printed = capsys.readouterr().out
    assert "With a step in 1899: {'motion.level_std': 0.0" in printed and "fits best in 1899" in printed
    flow = np.array([float(value) for value in NILE.FLOW.split()])
    before, after = flow[:28], flow[28:]
    s2 = (((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum()) / 98
    step, std = after.mean() - before.mean(), math.sqrt(s2 / 28 + s2 / 72)
    run = fog.run(
        fog.tune(NILE.with_step(1899), NILE.log(), heldout=False, resolution=False).model, NILE.log()
    )
    assert run.belief.mean == pytest.approx([before.mean(), step], rel=1e-9)
    assert run.belief.std[1] == pytest.approx(std, rel=1e-6)
