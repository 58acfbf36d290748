"""Limits of states: their moments to many digits, their effect on other states, and where they are reported."""

import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.inference import truncated_moments, truncation
from foglight.inference.prepare import start_carry
from foglight.methods.layout import belief_of
from foglight.model import model_file
from unit.inference.limited_beliefs import cut

Array = NDArray[np.float64]
INF = math.inf
FORMS = [fog.KF(), fog.KF(form="joseph"), fog.UKF()]


def exact_moments(low: float, high: float) -> tuple[mp.mpf, mp.mpf]:
    """Distance of the mean beyond the point nearest to 0, and variance, of the truncated normal by quadrature."""
    with mp.workdps(25):
        nearest = mp.mpf(min(max(0.0, low), high))
        far = 200 / (abs(nearest) + mp.sqrt(nearest**2 + 200))
        ends = [max(low - nearest, -far), min(high - nearest, far)]
        pieces = mp.linspace(*ends, 7)

        def integral(weight: Any) -> mp.mpf:
            return mp.quad(lambda u: weight(u) * mp.exp(-u * (nearest + u / 2)), pieces)

        total = integral(lambda u: 1)
        mean = integral(lambda u: u) / total
        return mean, integral(lambda u: (u - mean) ** 2) / total


@pytest.mark.parametrize(
    "low, high",
    [(-1.0, INF), (-INF, 0.7), (-INF, -40.0), (1e6, INF), (-4.0, 7.0), (-1e-6, 2e-6), (-8.5, INF), (-2.0, 1.0),
     (1e3, 1e3 + 1e-4)],
)  # fmt: skip
def test_moments_between_limits(low: float, high: float) -> None:
    nearest, beyond, variance = (
        float(v[0]) for v in truncated_moments.moments(np.array([low]), np.array([high]))
    )
    mean, exact = exact_moments(low, high)
    assert nearest == min(max(0.0, low), high)
    assert abs(beyond - mean) <= 1e-13 * max(abs(float(mean)), math.sqrt(exact) * 1e-2)
    assert abs(variance - exact) <= 1e-13 * exact


MEAN = np.array([0.4, -1.0, 2.0])
COV = np.array([[2.0, 0.7, -0.3], [0.7, 1.5, 0.4], [-0.3, 0.4, 0.8]])


def on_a_grid(mean: Array, cov: Array, i: int, low: float, high: float) -> tuple[Array, Array]:
    """Mean and covariance of two of the states under the truncated density, by quadrature in the plane."""
    pair = [i, (i + 1) % len(mean)]
    m, P = mean[pair], cov[np.ix_(pair, pair)]
    reach = 11.0 * np.sqrt(np.diag(P))
    first, w_first = nodes(max(low, m[0] - reach[0]), min(high, m[0] + reach[0]))
    second, w_second = nodes(m[1] - reach[1], m[1] + reach[1])
    x = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1) - m
    density = np.outer(w_first, w_second) * np.exp(-0.5 * np.einsum("...i,ij,...j", x, np.linalg.inv(P), x))
    density /= density.sum()
    shift = np.einsum("ij,ijk->k", density, x)
    x -= shift
    return m + shift, np.einsum("ij,ijk,ijl->kl", density, x, x)


def nodes(low: float, high: float) -> tuple[Array, Array]:
    """Gauss–Legendre nodes and weights."""
    at, weights = np.polynomial.legendre.leggauss(120)
    return low + 0.5 * (high - low) * (1.0 + at), weights


@pytest.mark.parametrize("method", FORMS[:2], ids=repr)
@pytest.mark.parametrize("low, high", [(1.0, INF), (-INF, 0.2), (3.0, 3.5)])
@pytest.mark.parametrize("i", range(3))
def test_the_other_states_change_through_the_covariance(i: int, low: float, high: float, method: Any) -> None:
    """Against the density itself, on a grid of two states."""
    belief = cut(method, MEAN, COV, {f"x{i}": (low, None if high == INF else high)})
    pair = [i, (i + 1) % 3]
    mean, cov = on_a_grid(MEAN, COV, i, low, high)
    np.testing.assert_allclose(belief.mean[pair], mean, atol=1e-12)
    np.testing.assert_allclose(belief.cov[np.ix_(pair, pair)], cov, atol=1e-12)
    assert low <= belief.mean[i] <= high and (np.linalg.eigvalsh(belief.cov) > 0).all()


@pytest.mark.parametrize("method", FORMS, ids=repr)
def test_far_outside_its_limit_a_state_is_reported_just_inside(method: Any) -> None:
    """A limit 1e6 standard deviations away leaves a std of 1e-6; the correlations stay the same."""
    mean, cov = np.array([-1e6, 3.0]), np.array([[1.0, 0.6], [0.6, 1.0]])
    belief = cut(method, mean, cov, {"x0": (0, None)})
    assert 0.0 < belief.mean[0] == pytest.approx(1e-6, rel=1e-6)
    assert belief.std[0] == pytest.approx(1e-6, rel=1e-9)
    assert belief.mean[1] == pytest.approx(3.0 + 0.6e6, rel=1e-12)
    assert belief.cov[1, 1] == pytest.approx(1.0 - 0.36, rel=1e-9)


@pytest.mark.parametrize("method", FORMS, ids=repr)
@pytest.mark.parametrize("rho", [0.6, 0.97, -0.9])
def test_states_that_pull_each_other_out_end_within_all_limits(rho: float, method: Any) -> None:
    mean, cov = np.array([-1000.0, -90.0]), np.array([[9.0, 6.0 * rho], [6.0 * rho, 4.0]])
    ends = {"x0": (0, None), "x1": (-4, 4)}
    once = cut(method, mean, cov, {"x0": (0, None)})
    assert not -4 <= once.mean[1] <= 4  # one limit alone leaves the other state outside its limits
    belief = cut(method, mean, cov, ends)
    assert belief.mean[0] >= 0.0 and -4.0 <= belief.mean[1] <= 4.0
    assert (belief.std > 0.0).all() and belief.std[0] < 3.0 and belief.std[1] < 2.0


def test_a_distant_limit_and_an_exactly_known_state_change_no_bit() -> None:
    far = cut(fog.KF(), MEAN, COV, {"x0": (-20.0, 20.0)})
    plain = belief_of(fog.KF(), np.array(start_carry(free_of_all(), fog.KF())), 3)
    assert far.mean.tobytes() == plain.x.tobytes() and far.factor[1].tobytes() == plain.D.tobytes()
    known = cut(fog.KF(), [0.4, -1.0], [[0.0, 0.0], [0.0, 1.0]], {"x0": (1.0, None)})
    assert known.mean.tolist() == [0.4, -1.0] and known.cov.tolist() == [[0.0, 0.0], [0.0, 1.0]]


def free_of_all() -> fog.Model:
    n = 3
    return fog.linear_model(
        np.eye(n) + 0.1, np.eye(n), np.ones((1, n)), [[1.0]], start=fog.Belief(MEAN, cov=COV)
    )


def test_powers_of_two_scale_what_is_cut_off_exactly() -> None:
    units = 2.0 ** np.array([30, -7, 3])
    plain = cut(fog.KF(), MEAN, COV, {"x0": (0.5, None), "x1": (-0.9, 0.1)})
    scaled = cut(
        fog.KF(), units * MEAN, units[:, None] * COV * units,
        {"x0": (0.5 * units[0], None), "x1": (-0.9 * units[1], 0.1 * units[1])},
    )  # fmt: skip
    assert (units * plain.mean).tobytes() == scaled.mean.tobytes()
    assert (units[:, None] * plain.cov * units).tobytes() == scaled.cov.tobytes()


# In a run.
LIMITS = {"gap": (0, None), "gap_speed": (-1.5, 1.5)}


def walk(limits: Any, start: Any = (1.0, 0.0)) -> fog.Model:
    motion = fog.motion.constant_velocity(("gap",), accel=1.0, limits=limits)
    return fog.Model(motion, [fog.sensing.linear("radar", of="gap", std=0.5)], fog.Belief(start, std=[1, 1]))


@pytest.mark.parametrize("method", [*FORMS, fog.KF(gate=0.999)], ids=repr)
def test_what_is_reported_is_within_and_what_is_carried_is_not(method: Any) -> None:
    rng = np.random.default_rng(8)
    z = np.abs(rng.normal(0.2, 0.6, 60)) - 0.3
    log = fog.Log.from_arrays(np.arange(60) * 0.1, radar=z)
    run, free = (fog.run(walk(limits), log, method=method) for limits in (LIMITS, {}))
    assert free.filtered.mean[:, 0].min() < 0.0
    assert run.filtered.mean[:, 0].min() > 0.0 and np.abs(run.filtered.mean[:, 1]).max() < 1.5
    assert (run.filtered.std <= free.filtered.std * (1 + 1e-12)).all() and (run.filtered.std > 0).all()
    for name in ("innovation", "nis", "row_loglik", "status"):
        assert getattr(run, name).tobytes() == getattr(free, name).tobytes(), name
    assert run.predicted.mean.tobytes() == free.predicted.mean.tobytes()
    assert run.loglik == free.loglik
    assert run.belief.mean.tobytes() == run.filtered.mean[-1].tobytes()
    np.testing.assert_allclose(run.belief.cov, run.filtered.cov[-1], rtol=1e-14)
    with pytest.raises(ValueError, match="read-only"):
        run.filtered.mean[0] = 0.0


def test_many_rows_are_cut_off_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    log = fog.Log.regular(rng.normal(0.3, 0.5, (3, 40, 1)), dt=0.1)
    whole = fog.run(walk(LIMITS), log).filtered
    monkeypatch.setattr(truncation, "_CHUNK", 7)
    parts = fog.run(walk(LIMITS), log).filtered
    assert whole.mean.shape == (3, 40, 2)
    assert whole.mean.tobytes() == parts.mean.tobytes() and whole.cov.tobytes() == parts.cov.tobytes()


# Limits that are refused, and how limits are explained.
@pytest.mark.parametrize(
    "limits, index, words",
    [
        ({"gap": (2, 2)}, "gap", "(2, 2): expected low < high"),
        ({"gap": (3, -1)}, "gap", "expected low < high"),
        ({"gap": (INF, None)}, "gap", "expected low < high"),
        ({"gap": (0, math.nan)}, None, "expected a finite number"),
        ({"gap": 3}, "gap", "expected (low, high)"),
        ({"gap": "05"}, "gap", "expected (low, high)"),
        ({"gap": (0, 1, 2)}, "gap", "expected (low, high)"),
        ({"height": (0, None)}, "height", "'height' is not a state"),
        ([0, 1], None, "expected states and pairs"),
    ],
)
def test_an_invalid_limit_is_refused(limits: Any, index: Any, words: str) -> None:
    with pytest.raises(fog.ModelError) as caught:
        fog.motion.random_walk("gap", std=1.0, limits=limits)
    assert words in str(caught.value) and caught.value.index == index


def test_an_angle_has_no_ends() -> None:
    with pytest.raises(fog.ModelError, match="is an angle"):
        fog.motion.ctrv(accel=1.0, turn_accel=0.3, limits={"heading": (0, 1)})
    assert fog.motion.ctrv(accel=1.0, turn_accel=0.3, limits={"speed": (0, None)}).limits == {
        "speed": (0.0, INF)
    }


def test_a_start_outside_its_limits_is_refused() -> None:
    with pytest.raises(
        fog.ModelError, match=r"start.mean\['gap'\] = -1: expected a value within the limits"
    ) as caught:
        walk(LIMITS, (-1.0, 0.0))
    assert (caught.value.field, caught.value.index, caught.value.value) == ("start", "gap", -1.0)
    assert walk(LIMITS, (0.0, 1.5)).start is not None


def test_limits_stay_with_the_model_and_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    model = walk({"gap_speed": (-1.5, 1.5), "gap": (0, None)})
    assert list(model.motion.limits) == ["gap", "gap_speed"] and model.motion.limits["gap"] == (0.0, INF)
    assert model.with_parameters({"accel": 0.3}).motion.limits == model.motion.limits
    print(fog.explain(model))
    text = capsys.readouterr().out
    assert "gap (reported within >= 0): 1 ± 1" in text and "(reported within >= -1.5, <= 1.5)" in text


def test_a_model_file_may_have_limits_and_guards(tmp_path: Any) -> None:
    path = tmp_path / "walk.toml"
    text = """
[motion]
kind = "constant_velocity"
axes = ["gap"]
accel = 1.0
[motion.limits]
gap = [0, inf]
[[sensor]]
name = "radar"
kind = "linear"
of = "gap"
std = 0.5
[start]
mean = [1, 0]
std = [1, 1]
[method]
kind = "ukf"
huber = 1.5
recover = inf
[method.gate]
radar = 0.999
"""
    path.write_text(text)
    model, method = model_file.read(path)
    assert model.motion.limits == {"gap": (0.0, INF)}
    assert method == fog.UKF(gate={"radar": 0.999}, huber=1.5, recover=INF)
    for before, after, words in (
        ("[method.gate]\nradar", "[method.gate]\nlidar", "has no such sensor. Expected radar"),
        ("radar = 0.999", "radar = 'x'", "expected a probability above 0 and below 1"),
        ("[motion.limits]\ngap = [0, inf]", "[motion.limits]\ngap = [2, 1]", "expected low < high"),
        ("accel = 1.0", "accel = {a = 1}", "expected a number, a string or a list of them"),
    ):
        path.write_text(text.replace(before, after))
        with pytest.raises(fog.ModelError, match=r"walk\.toml") as caught:
            model_file.read(path)
        assert words in str(caught.value)
