"""Coefficients that parameters stand for, with standard errors by the delta method."""

import numpy as np
import pytest

import foglight as fog


def test_of_one_lag_the_coefficient_is_the_parameter() -> None:
    z = np.random.default_rng(4).normal(size=80)
    fit = fog.tune(fog.arima((1, 0, 0)), fog.Log.regular(z[:, None], dt=1.0), heldout=False)
    ((name, (value, error)),) = fit.coefficients.items()
    assert name == "ar_1"
    assert value == fit.params["motion.ar_partial_1"]
    assert error == pytest.approx(fit.std_errors["motion.ar_partial_1"], rel=1e-9)
    assert error == pytest.approx(np.sqrt((1.0 - value**2) / 80), rel=0.1)
    assert f"{'ar_1':20}" in str(fit)
    assert fit.as_dict()["coefficients"]["ar_1"] == {"value": value, "std_error": error}


def test_of_two_lags_the_first_depends_on_both_parameters() -> None:
    """φ_1 = r_1 (1 - r_2)."""
    z = np.random.default_rng(4).normal(size=80).cumsum() * 0.3
    fit = fog.tune(fog.arima((2, 0, 0)), fog.Log.regular(z[:, None], dt=1.0), heldout=False)
    r1, r2 = fit.params["motion.ar_partial_1"], fit.params["motion.ar_partial_2"]
    at = [fit.names.index(f"motion.ar_partial_{k}") for k in (1, 2)]
    slope = np.array([1.0 - r2, -r1])
    assert fit.coefficients["ar_1"].value == pytest.approx(r1 * (1.0 - r2), rel=1e-12)
    assert fit.coefficients["ar_1"].std_error == pytest.approx(
        np.sqrt(slope @ fit.cov[np.ix_(at, at)] @ slope), rel=1e-9
    )


def test_models_without_them_have_none() -> None:
    level = fog.Model(
        fog.motion.random_walk("level", std=1.0), [fog.sensing.linear("gauge", of="level", std=1.0)], None
    )
    assert level.coefficients == {}
