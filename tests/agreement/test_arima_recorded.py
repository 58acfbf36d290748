"""ARIMA and dynamic factors at recorded parameters: what Stata and R found, and equal or higher maxima.

Stata and R count the differences of a series, Foglight the series: -½ log 2π more for each unknown first value.
"""

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

import foglight as fog
from foglight.model.series import companion, stationary

ABSORBED = 0.5 * np.log(2.0 * np.pi)
RESULTS = "statsmodels.tsa.statespace.tests.results"
# Annual level of Lake Huron in feet, 1875 to 1972: Brockwell & Davis 1991, series A; LakeHuron of R's datasets.
LAKE_HURON = [
    580.38, 581.86, 580.97, 580.80, 579.79, 580.39, 580.42, 580.82, 581.40, 581.32, 581.44, 581.68, 581.17, 580.53,
    580.01, 579.91, 579.14, 579.16, 579.55, 579.67, 578.44, 578.24, 579.10, 579.09, 579.35, 578.82, 579.32, 579.01,
    579.00, 579.80, 579.83, 579.72, 579.89, 580.01, 579.37, 578.69, 578.19, 578.67, 579.55, 578.92, 578.09, 579.37,
    580.13, 580.14, 579.51, 579.24, 578.66, 578.86, 578.05, 577.79, 576.75, 576.75, 577.82, 578.64, 580.58, 579.48,
    577.38, 576.90, 576.94, 576.24, 576.84, 576.85, 576.90, 577.79, 578.18, 577.51, 577.23, 578.42, 579.61, 579.05,
    579.26, 579.22, 579.38, 579.10, 577.95, 578.12, 579.75, 580.85, 580.41, 579.96, 579.61, 578.76, 578.18, 577.21,
    577.13, 579.10, 578.25, 577.91, 576.89, 575.96, 576.80, 577.68, 578.38, 578.52, 579.74, 579.31, 579.89, 579.96,
]  # fmt: skip
# Accidental deaths in the USA, monthly from 1973 to 1978: Brockwell & Davis 1991; USAccDeaths of R's datasets.
DEATHS = [
    9007, 8106, 8928, 9137, 10017, 10826, 11317, 10744, 9713, 9938, 9161, 8927, 7750, 6981, 8038, 8422, 8714, 9512,
    10120, 9823, 8743, 9129, 8710, 8680, 8162, 7306, 8124, 7870, 9387, 9556, 10093, 9620, 8285, 8466, 8160, 8034,
    7717, 7461, 7767, 7925, 8623, 8945, 10078, 9179, 8037, 8488, 7874, 8647, 7792, 6957, 7726, 8106, 8890, 9299,
    10625, 9302, 8314, 8850, 8265, 8796, 7836, 6892, 7791, 8192, 9115, 9434, 10484, 9827, 9110, 9070, 8633, 9240,
]  # fmt: skip


def regular(z: Any, **inputs: Any) -> fog.Log:
    return fog.Log.regular(np.array(z, float).reshape(len(z), -1), dt=1.0, **inputs)


def test_lake_huron() -> None:
    """R: arima(LakeHuron, order = c(2,0,0), xreg = time(LakeHuron) - 1920), its help page."""
    fit = fog.tune(fog.arima((2, 0, 0), trend="linear"), regular(LAKE_HURON), heldout=False)
    assert fit.converged
    assert -101.198267322 <= fit.loglik < -101.198267
    assert fit.coefficients["ar_1"] == pytest.approx((1.0048, 0.0976), abs=5e-5)
    assert fit.coefficients["ar_2"] == pytest.approx((-0.2913, 0.1004), abs=7e-5)
    assert fit.params["series.slope"] == pytest.approx(-0.0216, abs=5e-5)
    assert fit.std_errors["series.slope"] == pytest.approx(0.0081, abs=5e-5)


def counted_as_in_r(ma: float, seasonal_ma: float) -> float:
    """R's log-likelihood: the values before the series have a variance of 10⁶ σ², a reading whose variance is still
    above 10⁴ σ² is not counted, and σ² is the best one. R's arima, ARIMA_Like and makeARIMA."""
    std = 300.0
    model = fog.arima((0, 1, 1), (0, 1, 1, 12), ma=[ma], seasonal_ma=[seasonal_ma], std=std)
    theta, delta = np.zeros(14), np.zeros(13)
    theta[[0, 1, 12, 13]] = [1.0, ma, seasonal_ma, ma * seasonal_ma]
    delta[[0, 11, 12]] = [1.0, 1.0, -1.0]
    before = np.zeros((26, 27))  # the states of the first row from the 13 values before it and 14 of ε
    before[0] = [*delta, *theta]
    before[1:13, :12] = np.eye(12)
    before[13:, 13:26] = np.eye(13)
    cov = std**2 * (before * np.repeat([1e6, 1.0], [13, 14])) @ before.T
    run = fog.run(model.with_start(fog.Belief(np.zeros(26), cov=cov)), regular(DEATHS))
    S = run.innovation_cov[:, 0, 0] / std**2
    on = S < 1e4
    best = float((run.innovation[on, 0] ** 2 / S[on]).mean())
    n = len(DEATHS) - 13
    return float(-0.5 * (n * np.log(2.0 * np.pi * best) + n + np.log(S[on]).sum()))


@pytest.mark.campaign
def test_accidental_deaths() -> None:
    """R: arima(USAccDeaths, order = c(0,1,1), seasonal = list(order = c(0,1,1))), its help page."""
    found = minimize(
        lambda p: -counted_as_in_r(*p), [-0.43, -0.55], method="Nelder-Mead", options={"xatol": 1e-5}
    )
    assert -found.fun >= -425.439993553 - 1e-8
    fit = fog.tune(fog.arima((0, 1, 1), (0, 1, 1, 12), std=300.0), regular(DEATHS), heldout=False)
    assert fit.converged
    assert fit.coefficients["ma_1"].value == pytest.approx(-0.4303, abs=5e-5)
    assert fit.coefficients["seasonal_ma_1"].value == pytest.approx(-0.5528, abs=1e-4)
    # R's finite variance is worth 0.0011; the exact likelihood is that of the 59 differences.
    assert fit.loglik + 13 * ABSORBED == pytest.approx(-425.44110, abs=1e-5)


# Of the 53 specifications, 51 are met. Two have printed coefficients that are not stationary; `fog.arima` refuses them.
# In four the printed digits decide less than 10⁻⁴ of the log-likelihood: a cubic trend with three digits, a root on
# the unit circle, and factors that cancel but for their last digits; in the last one statsmodels is 1e-7 from here. In
# seven the start is another: Stata's option `diffuse`, a variance of 10⁹ for every state.
NOT_STATIONARY = (
    "arima wpi c t, sarima(3,0,2,4) noconstant vce(oim)",
    "arima wpi, arima(0,2,0) sarima(3,2,2,4) noconstant vce(oim)",
)
FEW_DIGITS = {
    "arima wpi c t3, sarima(0,0,3,4) noconstant vce(oim)": 5e-4,
    "arima wpi c t3, sarima(3,0,2,4) noconstant vce(oim)": 2e-4,
    "arima D.wpi2 t32 x, arima(3,0,2) noconstant vce(oim)": 5e-2,
    "arima wpi x, arima(3,2,2) sarima(3,2,2,4) noconstant vce(oim) diffuse": 1e-3,
}
DIFFUSE = (6, 14, 23, 31, 39, 48, 51)
BY_DEFAULT = 2


def stata() -> list[tuple[str, float, list[float]]]:
    """Command, log-likelihood and parameters of each specification, from the tests that statsmodels installs."""
    statsmodels = pytest.importorskip(f"{RESULTS}.results_sarimax")
    path = Path(statsmodels.__file__).with_name("results_sarimax_coverage.csv")
    if not path.exists():
        pytest.skip(f"{path.name} is not part of the installed statsmodels")
    with path.open() as file:
        rows = list(csv.reader(file))[1:]
    return [(mod, float(loglik), [float(v) for v in given.split(",")]) for mod, loglik, given in rows]


def invertible(theta: list[float], std: float) -> tuple[list[float], float]:
    """The same process with its roots outside the unit circle: 1/z̄ in place of z, and a larger std."""
    if not theta:
        return theta, std
    roots = np.roots([*theta[::-1], 1.0]).astype(complex)
    inside = np.abs(roots) < 1.0
    std = float(std / np.abs(roots[inside]).prod())
    roots[inside] = 1.0 / roots[inside].conj()
    roots = roots * np.where(np.abs(roots) < 1.0 + 1e-7, 1.0 + 1e-7, 1.0)
    found = np.array([1.0])
    for root in roots:
        found = np.convolve(found, [1.0, -1.0 / root])
    return found.real[1:].tolist(), std


@pytest.mark.parametrize(
    "number",
    [
        k if k < BY_DEFAULT else pytest.param(k, marks=pytest.mark.campaign)
        for k in range(53)
        if k not in DIFFUSE
    ],
)
def test_stata(number: int) -> None:
    mod, recorded, given = stata()[number]
    if mod in NOT_STATIONARY:
        pytest.skip("the printed coefficients are not stationary")
    from statsmodels.tsa.statespace.tests.results import results_sarimax

    z = np.array(results_sarimax.wpi1_data, float)
    x, k = (z - np.floor(z)) ** 2, np.arange(1.0, len(z) + 1)
    columns = {"c": np.ones_like(k), "t": k, "t3": k**3, "x": x}
    if "D.wpi2" in mod:
        z[9:19] = np.nan
        z, columns = np.diff(z), {"t32": k[:-1] ** 3, "x": x[1:]}
        z[9] = np.nan
    orders = {
        kind: [int(n) for n in numbers.split(",")]
        for kind, numbers in re.findall(r"(s?arima)\(([\d,]+)\)", mod)
    }
    p, d, q = orders.get("arima", [0, 0, 0])
    P, D, Q, s = orders.get("sarima", [0, 0, 0, 0])
    names = mod.split(",")[0].split()[2:]
    sizes = np.cumsum([len(names), p, q, P, Q])
    slopes, ar, ma, seasonal_ar, seasonal_ma, (std,) = (
        part.tolist() for part in np.split(np.array(given), sizes)
    )
    ma, std = invertible(ma, abs(std))
    seasonal_ma, std = invertible(seasonal_ma, std)
    model = fog.arima(
        (p, d, q), (P, D, Q, s) if s else None, regression=dict(zip(names, slopes, strict=True)),
        ar=ar, ma=ma, seasonal_ar=seasonal_ar, seasonal_ma=seasonal_ma, std=std,
    )  # fmt: skip
    run = fog.run(model, regular(z, u={name: columns[name] for name in names} or None))
    assert run.absorbed == d + s * D
    assert run.loglik + run.absorbed * ABSORBED == pytest.approx(recorded, abs=FEW_DIGITS.get(mod, 7e-5))


@pytest.mark.campaign
@pytest.mark.parametrize("number", DIFFUSE)
def test_stata_with_every_state_at_a_variance_of_1e9(number: int) -> None:
    """Option diffuse: the differences as a model of their own, in Hamilton's form, of coefficients that need not be
    stationary.

        y' = Σ θ_j u_{t-j},  u_t = Σ φ_i u_{t-i} + ε,  ε ~ N(0, std²)        Hamilton 1994, eq. 13.1.22
    """
    from statsmodels.tsa.statespace.tests.results import results_sarimax

    mod, recorded, given = stata()[number]
    assert mod.endswith("diffuse")
    z = np.array(results_sarimax.wpi1_data, float)
    orders = {
        kind: [int(n) for n in numbers.split(",")]
        for kind, numbers in re.findall(r"(s?arima)\(([\d,]+)\)", mod)
    }
    p, d, q = orders.get("arima", [0, 0, 0])
    P, D, Q, s = orders.get("sarima", [0, 0, 0, 1])
    slopes, ar, ma, seasonal_ar, seasonal_ma, (std,) = np.split(
        np.array(given), np.cumsum(["wpi x" in mod, p, q, P, Q])
    )
    if slopes.size:
        z = z - (z - np.floor(z)) ** 2 * slopes[0]
    for _ in range(d):
        z = np.diff(z)
    for _ in range(D):
        z = z[s:] - z[:-s]

    def polynomial(own: Any, seasonal: Any) -> Any:
        spread = np.zeros(s * len(seasonal) + 1)
        spread[0], spread[s::s] = 1.0, seasonal
        return np.convolve([1.0, *own], spread)

    phi, theta = -polynomial(-ar, -seasonal_ar)[1:], polynomial(ma, seasonal_ma)
    n = max(len(phi), len(theta))
    F, H, noise = np.eye(n, k=-1), np.zeros((1, n)), np.zeros((n, n))
    F[0, : len(phi)], H[0, : len(theta)], noise[0, 0] = phi, theta, std**2
    start = fog.Belief(np.zeros(n), std=np.full(n, 1e9**0.5))
    run = fog.run(fog.linear_model(F, noise, H, [[0.0]], start=start), regular(z))
    assert run.loglik == pytest.approx(recorded, abs=FEW_DIGITS.get(mod, 7e-5))


NAMES = ("inv", "inc", "consump")


def lutkepohl() -> fog.Log:
    """Growth of German investment, income and consumption, 1960 to 1978; the logarithms in Stata's single precision."""
    results = pytest.importorskip(f"{RESULTS}.results_varmax")
    logs = np.log(np.array(results.lutkepohl_data, float)).astype(np.float32)
    return regular(np.diff(logs, axis=0)[:75])


def factor_values(
    A: list[Any], loadings: Any, variances: list[float], errors: list[list[float]]
) -> dict[str, float]:
    """Parameters of a model from Stata's."""
    loadings = np.reshape(loadings, (3, -1))
    k = loadings.shape[1]
    factors = ["factor"] if k == 1 else [f"factor{j + 1}" for j in range(k)]
    moves = companion.moves_of([np.array(a, float).reshape(k, k) for a in A], np.eye(k))
    assert moves is not None
    values = {
        f"partial_{lag}_{a}_{b}": W[i, j]
        for lag, W in enumerate(moves, 1)
        for i, a in enumerate(factors)
        for j, b in enumerate(factors)
    }
    for i, name in enumerate(NAMES):
        own = loadings[i, : i + 1]
        values |= {f"{name}_loading{f'_{j + 1}' * (k > 1)}": value for j, value in enumerate(own)}
        values[f"{name}_std"] = variances[i] ** 0.5
        for j, r in enumerate(stationary.partials(errors[i]) or [] if errors else [], 1):
            values[f"{name}_error_partial_{j}"] = r
    return values


def test_dynamic_factor() -> None:
    """Stata's dfactor, as recorded in statsmodels' results_dynamic_factor.py."""
    recorded = pytest.importorskip(f"{RESULTS}.results_dynamic_factor").lutkepohl_dfm
    given = recorded["params"]
    model = fog.dynamic_factor(NAMES, 1, 2).with_parameters(
        factor_values(given[6:8], given[:3], given[3:6], [])
    )
    assert fog.run(model, lutkepohl()).loglik == pytest.approx(594.0902026, abs=1e-7)


@pytest.mark.campaign
def test_two_dynamic_factors() -> None:
    """Stata's loadings are rotated here, so that the first series depends on the first factor only.

    496.3798329 is no maximum: Stata's search did not converge, and four of its parameters have no standard error. Here
    it is 496.3798476, and so it is in statsmodels at the same parameters. Stata prints eight decimals of them, of which
    the last one of a variance of 0.0001 decides more than that difference.
    """
    from statsmodels.tsa.statespace.dynamic_factor import DynamicFactor

    recorded = pytest.importorskip(f"{RESULTS}.results_dynamic_factor").lutkepohl_dfm2
    given = np.array(recorded["params"])
    loadings = given[:6].reshape(3, 2)
    c, s = loadings[0] / np.hypot(*loadings[0])
    turn = np.array([[c, -s], [s, c]])
    phi = turn.T @ given[9:].reshape(2, 2) @ turn
    model = fog.dynamic_factor(NAMES, 2, 1)
    values = factor_values([phi], loadings @ turn, given[6:9].tolist(), [])
    log = lutkepohl()
    found = fog.run(model.with_parameters(values), log).loglik
    peer = DynamicFactor(log.bind(model), k_factors=2, factor_order=1, enforce_stationarity=False)
    assert found == pytest.approx(peer.loglike(given), abs=1e-8)
    decided = sum(abs(peer.loglike(given + 5e-9 * one) - peer.loglike(given)) for one in np.eye(len(given)))
    assert 496.3798329 < found < 496.3798329 + min(2e-5, decided)


@pytest.mark.campaign
def test_a_factor_with_autoregressive_errors() -> None:
    recorded = pytest.importorskip(f"{RESULTS}.results_dynamic_factor").lutkepohl_dfm_ar2
    given = recorded["params"]
    errors = [given[7:9], given[9:11], given[11:13]]
    model = fog.dynamic_factor(NAMES, 1, 1, errors=2)
    values = factor_values(given[6:7], given[:3], given[3:6], errors)
    assert fog.run(model.with_parameters(values), lutkepohl()).loglik == pytest.approx(
        recorded["loglike"], abs=1e-6
    )


def test_a_start_that_is_not_stationary_is_noticed() -> None:
    model = fog.arima((2, 0, 0), ar=[1.0048176, -0.2913013], trend="linear", std=0.675735)
    model = model.with_parameters({"mean": 580.07, "slope": -0.0215681})
    log = regular(LAKE_HURON)
    assert fog.run(model, log).loglik == pytest.approx(-101.198267, abs=1e-5)
    assert model.start is not None
    independent = model.with_start(fog.Belief(np.zeros(3), std=model.start.std))
    assert abs(fog.run(independent, log).loglik + 101.198267) > 0.1
