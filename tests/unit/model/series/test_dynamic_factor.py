"""`fog.dynamic_factor`: its likelihood is that of the dense joint distribution, also of quarterly series in months."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats

import foglight as fog
from foglight.model.series.dynamic_factor import QUARTERLY

ROWS = 24
Z = np.random.default_rng(8).normal(size=(ROWS, 3))
VALUES = {
    "jobs_loading": 0.8, "sales_loading": -0.5, "gdp_loading": 0.7, "partial_1_factor_factor": 0.9,
    "jobs_error_partial_1": 0.3, "sales_error_partial_1": -0.2, "gdp_error_partial_1": 0.4,
    "jobs_std": 0.7, "sales_std": 0.9, "gdp_std": 0.6,
}  # fmt: skip


def decay(phi: float, std: float, size: int) -> np.ndarray:
    """The covariance of successive values of an autoregression of order 1."""
    k = np.arange(size)
    return np.asarray(std**2 / (1.0 - phi**2) * phi ** abs(k[:, None] - k))


@pytest.mark.parametrize(
    "kind",
    ["average", *[pytest.param(kind, marks=pytest.mark.campaign) for kind in QUARTERLY if kind != "average"]],
)
def test_a_quarterly_series_is_what_its_months_were(kind: str) -> None:
    """The months before the first row are part of the first quarters."""
    model = fog.dynamic_factor(("jobs", "sales", "gdp"), 1, 1, errors=1, quarterly={"gdp": kind})
    z = Z.copy()
    z[np.arange(ROWS) % 3 != 2, 2] = np.nan
    z[4, 0] = z[10, 1] = np.nan
    months = ROWS + 4
    weights = np.zeros((ROWS, months))
    for row in range(ROWS):
        for lag, w in enumerate(QUARTERLY[kind]):
            weights[row, row + 4 - lag] = w
    now = np.eye(months)[4:]
    phi = model.with_parameters(VALUES).coefficients["factor_on_factor_1"]
    reads = [0.8 * now, -0.5 * now, 0.7 * weights]
    cov = np.array([[a @ decay(phi, 1.0, months) @ b.T for b in reads] for a in reads])
    for i, (rows, partial, std) in enumerate([(now, 0.3, 0.7), (now, -0.2, 0.9), (weights, 0.4, 0.6)]):
        cov[i, i] += rows @ decay(partial, std, months) @ rows.T
    whole = cov.transpose(0, 2, 1, 3).reshape(3 * ROWS, 3 * ROWS)
    flat = z.T.ravel()
    there = ~np.isnan(flat)
    expected = scipy.stats.multivariate_normal(cov=whole[np.ix_(there, there)]).logpdf(flat[there])
    run = fog.run(model.with_parameters(VALUES), fog.Log.regular(z, dt=1.0))
    assert run.loglik == pytest.approx(expected, rel=1e-11)


def test_white_errors_are_no_states() -> None:
    model = fog.dynamic_factor(("a", "b", "c"), 2, 1, trend="constant")
    assert model.state == ("factor1", "factor2")
    assert "series.a_loading_2" not in model.parameters
    assert {
        "series.a_loading_1",
        "series.b_loading_2",
        "series.c_std",
        "series.c_mean",
    } <= model.parameters.keys()


@pytest.mark.campaign
def test_a_fit_finds_a_factor() -> None:
    rng = np.random.default_rng(2)
    f = np.zeros(400)
    for k in range(1, 400):
        f[k] = 0.8 * f[k - 1] + rng.normal()
    z = f[:, None] * [1.0, 0.5, -0.7] + rng.normal(size=(400, 3)) * [0.5, 1.0, 0.8]
    fit = fog.tune(fog.dynamic_factor(("a", "b", "c"), 1, 1), fog.Log.regular(z, dt=1.0), heldout=False)
    value, error = fit.coefficients["factor_on_factor_1"]
    assert abs(value - 0.8) < 3.0 * error < 0.2
    assert [fit.params[f"series.{one}_loading"] for one in "abc"] == pytest.approx([1.0, 0.5, -0.7], abs=0.15)


REFUSED: list[tuple[str, Callable[[], Any], str]] = [
    (
        "many",
        lambda: fog.dynamic_factor(("a", "b"), 2, 1),
        "factors = 2 for 2 series: expected fewer factors",
    ),
    (
        "none",
        lambda: fog.dynamic_factor(("a", "b"), 0, 1),
        "factors = 0: expected a whole number of at least 1",
    ),
    (
        "order",
        lambda: fog.dynamic_factor(("a", "b"), 1, 0),
        "order = 0: expected a whole number of at least 1",
    ),
    (
        "errors",
        lambda: fog.dynamic_factor(("a", "b"), 1, 1, errors=-1),
        "errors = -1: expected a whole number >= 0",
    ),
    (
        "unknown",
        lambda: fog.dynamic_factor(("a", "b"), 1, 1, quarterly={"c": "sum"}),
        "quarterly['c']: there is no such",
    ),
    (
        "kind",
        lambda: fog.dynamic_factor(("a", "b"), 1, 1, quarterly={"b": "mean"}),
        "quarterly['b'] = 'mean': expected",
    ),
    ("a list", lambda: fog.dynamic_factor(("a", "b"), 1, 1, quarterly=["b"]), "quarterly = ['b']: expected"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(
    ("make", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_bad_arguments_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(fog.ModelError) as error:
        make()
    assert message in str(error.value)
    assert error.value.field
