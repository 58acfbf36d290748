"""Measurements without noise: what they settle, and what happens when another one comes.

After an exact measurement h·x is known. The same measurement again has S = 0, of which rounding makes 1e-32: taken
at its word it would move the state by whole sigmas. It has to be told from a measurement, and from a contradiction.
"""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.core.errors import Status
from foglight.equations import ud

H = np.array([[0.3, -0.7, 1.1]])
START = fog.Belief([1.0, 2.0, -1.0], cov=[[2.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 1.5]])
METHODS = [fog.KF(), fog.EKF(iterations=3), fog.UKF(), fog.UKF(alpha=1e-3), fog.CKF()]
EXACT = Status.USED | Status.ILL_CONDITIONED


def run_of(z: list[float], method: Any, scale: float = 1.0, **options: Any) -> Any:
    """A state that stands still and a sensor without noise; all in units of `scale`."""
    start = fog.Belief(scale * START.mean, factor=(START.factor[0], scale**2 * START.factor[1]))
    model = fog.linear_model(np.eye(3), np.zeros((3, 3)), H, [[0.0]], start=start)
    return fog.run(model, fog.Log.regular(scale * np.array(z)[:, None], dt=1.0), method, **options)


def bits(belief: Any) -> tuple[bytes, ...]:
    return belief.mean.tobytes(), *(part.tobytes() for part in belief.factor)


def unmoved(belief: Any, before: Any, method: Any) -> bool:
    """To the bit; sigma-point methods form their factor anew, to rounding."""
    if isinstance(method, fog.EKF):
        return bits(belief) == bits(before)
    pairs = [(belief.mean, before.mean), *zip(belief.factor, before.factor, strict=True)]
    return all(np.abs(one - other).max() <= 1e-15 for one, other in pairs)


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_the_same_exact_measurement_again_changes_nothing(method: Any) -> None:
    once, again = run_of([0.7], method), run_of([0.7, 0.7, 0.7], method)
    assert list(again.status) == [Status.USED, EXACT, EXACT]
    assert unmoved(again.belief, once.belief, method)
    assert list(again.nis[1:]) == [0.0, 0.0]
    assert list(again.row_loglik[1:]) == [0.0, 0.0]
    assert (H @ once.belief.mean)[0] == pytest.approx(0.7, abs=1e-15)


def test_without_the_floor_rounding_would_be_taken_for_a_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ud, "rounding_floor", lambda spread, r, n: 0.0)
    with pytest.raises(AssertionError):
        test_the_same_exact_measurement_again_changes_nothing(fog.KF())


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_a_contradiction_is_refused(method: Any) -> None:
    with pytest.raises(fog.NumericalError) as caught:
        run_of([0.7, 0.7, 0.70001], method)
    error = caught.value
    assert (error.field, error.index, error.value) == ("sensor", 2, {"sensor.z0": 0.70001})
    for words in ("row 2 (t = 2 s)", "sensor.z0 = 0.70001", "without noise", "Give sensor a noise above 0"):
        assert words in str(error)


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_a_flagged_contradiction_is_left_out_whole(method: Any) -> None:
    run = run_of([0.7, 0.70001, 0.7], method, on_bad="flag")
    assert list(run.status) == [Status.USED, Status.CONTRADICTED | Status.ILL_CONDITIONED, EXACT]
    assert unmoved(run.belief, run_of([0.7], method).belief, method)
    assert np.isnan(run.nis[1])


@pytest.mark.parametrize("method", METHODS, ids=str)
@pytest.mark.parametrize("power", [-60, 60])
def test_the_decisions_do_not_depend_on_the_unit(method: Any, power: int) -> None:
    z = [0.7, 0.7, 0.70001, 0.7 * (1.0 + 1e-15)]
    here, there = (run_of(z, method, scale, on_bad="flag") for scale in (1.0, 2.0**power))
    assert list(here.status) == [Status.USED, EXACT, Status.CONTRADICTED | Status.ILL_CONDITIONED, EXACT]
    assert list(there.status) == list(here.status)


def test_update_says_the_same_and_leaves_the_belief() -> None:
    known, info = fog.update(START, [0.7], H, [[0.0]])
    assert info.status is Status.USED
    again, info = fog.update(known, [0.7], H, [[0.0]])
    assert info.status == EXACT
    assert bits(again) == bits(known)
    before = bits(known)
    with pytest.raises(fog.NumericalError, match="known without variance and differs") as caught:
        fog.update(known, [0.71], H, [[0.0]])
    assert caught.value.field == "z"
    assert caught.value.value == [0.71]
    assert bits(known) == before


def test_a_redundant_component_does_not_take_the_other_with_it() -> None:
    known, _ = fog.update(START, [0.7], H, [[0.0]])
    R = np.array([[0.0, 0.0], [0.0, 0.1]])
    both, info = fog.update(known, [0.7, 1.2], np.vstack([H, [0.2, 1.0, 0.5]]), R)
    alone, _ = fog.update(known, [1.2], [0.2, 1.0, 0.5], [[0.1]])
    assert info.status == EXACT
    assert bits(both) == bits(alone)


def test_beliefs_that_know_the_same_exactly_fuse() -> None:
    known, _ = fog.update(START, [0.7], H, [[0.0]])
    both = fog.fuse(known, known)
    assert (H @ both.mean)[0] == pytest.approx(0.7, abs=1e-15)
    assert both.cov == pytest.approx(known.cov / 2, rel=1e-12, abs=1e-15)


def test_half_of_the_digits_gone_is_said_and_the_measurement_used() -> None:
    """Two states unknown to 1e9, their difference known to 1e-3: its variance has lost eight digits."""
    wide = fog.Belief([0.0, 0.0], cov=[[1e18, 3e17], [3e17, 2e18]])
    apart, info = fog.update(wide, [2.0], [1.0, -1.0], [[1e-6]])
    assert info.status is Status.USED
    closer, info = fog.update(apart, [2.0], [1.0, -1.0], [[1e-6]])
    assert info.status == EXACT
    assert np.array([1.0, -1.0]) @ closer.mean == pytest.approx(2.0, abs=1e-2)


def test_a_measurement_that_says_less_than_rounding_is_called_saturated() -> None:
    _, info = fog.update(START, [0.7], H, [[1e20]])
    assert info.status == Status.USED | Status.SATURATED
    _, info = fog.update(START, [0.7], H, [[1e10]])
    assert info.status is Status.USED
