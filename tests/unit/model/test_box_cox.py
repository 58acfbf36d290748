"""Scales of readings against SciPy, and what the arguments log and boxcox refuse."""

import numpy as np
import pytest
from scipy import special
from scipy.integrate import quad
from scipy.stats import norm

import foglight as fog
from foglight.model.box_cox import BoxCox

POWERS = (0.0, 0.04, 0.3, 0.5, 1.0, 1.7)
Z = np.array([1e-9, 0.03, 0.8, 1.0, 1.0 + 2.0**-40, 7.3, 250.0, 3.1e6])


@pytest.mark.parametrize("power", POWERS)
def test_a_scale_is_that_of_box_and_cox_with_its_slope_and_back(power: float) -> None:
    scale = BoxCox(power)
    y = scale.of(Z)
    np.testing.assert_allclose(y, special.boxcox(Z, power), rtol=1e-14)
    np.testing.assert_allclose(
        scale.log_slope(y)[1:], ((power - 1.0) * np.log(Z))[1:], rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(scale.back(y)[1:], Z[1:], rtol=1e-12)
    assert np.isnan(scale.of(np.array([np.nan]))).all()


@pytest.mark.parametrize("power", POWERS)
@pytest.mark.parametrize(("mean", "std"), [(0.4, 0.1), (3.0, 0.7)])
def test_moments_are_integrals(power: float, mean: float, std: float) -> None:
    scale = BoxCox(power)
    centre, cov = scale.moments(np.array([mean]), np.array([[std**2]]))

    def expected(f: object) -> float:
        return float(
            quad(lambda w: f(scale.back(mean + std * w)) * norm.pdf(w), -12.0, 12.0, epsabs=1e-13)[0]
        )  # type: ignore[operator]

    assert centre[0] == pytest.approx(expected(lambda z: z), rel=1e-8)
    assert cov[0, 0] == pytest.approx(expected(lambda z: (z - centre[0]) ** 2), rel=1e-6)


def test_the_covariance_of_two_logarithms_is_that_of_a_sample() -> None:
    mean, cov = np.array([0.3, -0.2]), np.array([[0.09, 0.05], [0.05, 0.16]])
    z = np.exp(np.random.default_rng(3).multivariate_normal(mean, cov, size=400_000))
    found = BoxCox(0.0).moments(mean, cov)
    np.testing.assert_allclose(found[0], z.mean(axis=0), rtol=5e-3)
    np.testing.assert_allclose(found[1], np.cov(z.T), rtol=3e-2)


def test_what_no_reading_can_be_is_zero() -> None:
    assert BoxCox(0.5).back(np.array([-2.5, -2.0, 0.0])).tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"log": 1}, "log = 1: expected True or False"),
        ({"log": True, "boxcox": 0.5}, "boxcox = 0.5: expected only one of log and boxcox"),
        ({"boxcox": -0.5}, "boxcox = -0.5: expected a power >= 0"),
        ({"boxcox": "log"}, "boxcox = 'log': expected a power >= 0"),
        ({"boxcox": float("nan")}, "boxcox = nan: expected a power >= 0"),
    ],
)
def test_arguments_that_name_no_scale(given: dict[str, object], message: str) -> None:
    for make in (lambda **more: fog.structural("sales", **more), lambda **more: fog.arima((1, 0, 0), **more)):
        with pytest.raises(fog.ModelError) as refused:
            make(**given)
        assert str(refused.value).startswith(message) and str(refused.value).endswith(".")


def test_a_scale_is_of_one_measure() -> None:
    for measures, transform in ((("a", "b"), BoxCox(0.0)), (("a",), 0.5)):
        with pytest.raises(fog.ModelError, match="expected a scale of one measure that is not an angle"):
            fog.Sensor("s", measures, lambda x, p: [], lambda x, p: [], transform=transform)  # type: ignore[arg-type]


def test_the_scale_is_shown() -> None:
    assert "; log)" in repr(fog.structural("sales", log=True))
    assert "linear in the state; on another scale: log" in str(fog.explain(fog.structural("sales", log=True)))
    assert "; boxcox=0.3)" in repr(fog.arima((1, 0, 0), boxcox=0.3))
